"""A verdict: ○ not written yet, ✗ wrong, ✓ right; and how it is shown to people and to editors."""

import contextlib
import linecache
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from coach.words import RIGHT, UNWRITTEN, WRONG, coloured, in_each, say


@dataclass
class Verdict:
    """What one test found. Paths and lines are the learner's, then the test's."""

    mark: str
    exercises: tuple[str, ...]  # the file's name, where no test was begun
    test: str = ""
    why: str = ""
    call: str = ""
    expected: str = ""
    got: str = ""
    path: str = ""
    line: int = 0
    code: str = ""
    test_path: str = ""
    test_line: int = 0
    test_code: str = ""
    mistake: str = ""
    likely: str = ""
    noticed: str = ""  # what is certain, where no known mistake is recognised
    output: str = ""
    seconds: float = 0.0
    column: int = 0  # where it is known: a syntax error

    def __post_init__(self) -> None:
        self.exercises = tuple(self.exercises)

    @property
    def exercise(self) -> str:
        return ", ".join(self.exercises)

    def __str__(self) -> str:
        if self.mark == RIGHT:
            return f"{self.mark} {self.exercise}"
        if self.mark == UNWRITTEN:
            return f"{self.mark} {self.exercise}: {self.why}"
        return "\n".join(
            [f"{self.mark} {self.exercise}: {self.why}", *(f"    {padded(a)} {b}" for a, b in self.rows() if b)]
        )

    def rows(self) -> list[tuple[str, str]]:
        """What a wrong answer's verdict says under its first line."""
        return [
            (say(zh="调用", en="call"), self.call),
            (say(zh="应为", en="expected"), self.expected),
            (say(zh="得到", en="got"), self.got),
            (say(zh="你的代码", en="your code"), f"{location(self.path, self.line)}{self.code}".strip()),
            (say(zh="测试", en="test"), f"{location(self.test_path, self.test_line)}{self.test_code}".strip()),
            (say(zh="像是", en="looks like"), self.likely),
            (say(zh="看出", en="noticed"), "" if self.likely else self.noticed),
        ]


# What a test says in two languages; the verdict says it in the learner's own.
SENTENCE = re.compile(r""",? *\b(?:zh|en)=(?:(?:f?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') *)+|\w+(?=[,)]))""")


def without_sentences(line: str) -> str:
    """A test's line without its `zh=` and `en=`."""
    return SENTENCE.sub("", line)


def quoted(path: str, line: int) -> str:
    """A line of a test, as a verdict shows it."""
    return without_sentences(linecache.getline(path, line).strip())


def padded(label: str, width: int = 10) -> str:
    """`label` filled up to so many columns; a Chinese character takes two."""
    return in_each(lambda text: text + " " * (width - sum(1 + (ord(c) > 0x2E80) for c in text)), label)


def location(path: str, line: int) -> str:
    """`path:line` with two spaces after it, from the working directory; nothing for a cell, whose file is not there."""
    if not path or not os.path.isfile(path):
        return ""
    with contextlib.suppress(ValueError):  # another drive, on Windows
        path = min(path, os.path.relpath(path), key=len)
    return f"{path}:{line}  "


COLOURS = {RIGHT: "green", WRONG: "red", UNWRITTEN: "yellow"}


def render(verdict: Verdict, *, colour: bool | None = None) -> str:
    """The verdict as `check` and `watch` print it, with what the code printed beneath; coloured on a terminal."""
    if colour is None:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    first, *rest = str(verdict).split("\n")
    if colour:
        first = coloured(first, COLOURS[verdict.mark], *["bold"] * (verdict.mark == WRONG))
    if verdict.output.strip():
        heading = f"    {say(zh='输出', en='printed')}"
        shown = [f"    | {line}" for line in verdict.output.rstrip().split("\n")]
        rest += [coloured(heading, "dim") if colour else heading, *shown]
    return "\n".join([first, *rest])


def problem(verdict: Verdict, root: Path) -> str:
    """`path:line:column: error: exercise: message`, for VS Code; the path is relative to the workspace, with slashes."""
    path = Path(verdict.path)
    shown = path.relative_to(root.resolve()).as_posix() if path.is_relative_to(root.resolve()) else str(path)
    said = [verdict.why.partition("\n")[0], verdict.likely or verdict.noticed]
    if verdict.expected and verdict.got:
        zh, en = f"应为 {verdict.expected}，得到 {verdict.got}", f"expected {verdict.expected}, got {verdict.got}"
        said.append(say(zh=zh, en=en))
    message = " ".join(" · ".join(filter(None, said)).split())
    return f"{shown}:{verdict.line}:{column_of(verdict)}: error: {verdict.exercise}: {message}"


def column_of(verdict: Verdict) -> int:
    """Counted from 1: where the verdict knows it, else where the line's code begins."""
    if verdict.column:
        return verdict.column
    with contextlib.suppress(OSError, IndexError):
        line = Path(verdict.path).read_bytes().splitlines()[verdict.line - 1]
        return len(line) - len(line.lstrip()) + 1
    return 1
