"""A lesson: jupytext's percent format, cells in two languages, and one mark of ours, `# solution`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from coach.words import LANGUAGES

MARK = "# solution"
STUB = "raise NotImplementedError"
MAIN = 'if __name__ == "__main__":'
HIDDEN = {"hint", "answer"}
ORDER = ["lang", "order", "exercise", "kind", "difficulty", "importance", "minutes", "tags", "see"]
CELL = re.compile(r"#\s*%%")
NAMED = re.compile(r'# ?%%.*\bexercise="([^"]+)"')
SPOKEN = re.compile(r'^# ?%%.*\blang="(zh|en)"', re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """One thing to write."""

    name: str
    title: dict[str, str]
    difficulty: int
    importance: int
    minutes: int
    bonus: bool = False
    kind: str = "write"  # or "debug": the learner's file begins with code that is wrong
    hints: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One self-check question with its answer; `see` names the exercise that would mend a gap."""

    text: dict[str, str]
    answer: dict[str, str]
    see: str


# A comment stays a comment: jupytext would make a command of `# !rm x`, or of a comment that begins with `cat`.
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
# Words on a cell's marker by which jupytext takes the comments beneath it for code.
WAKES = re.compile(r"""^(#\s*%%.*?(?:\b|["']))(language=|active=|active-)""", re.MULTILINE)


def parse(text: str) -> Any:
    """The notebook that the percent script `text` is: its code is code, and its comments are comments."""
    import jupytext

    while (asleep := WAKES.sub(r"\1was_\2", text)) != text:
        text = asleep
    return jupytext.reads(text, fmt=PERCENT)


def write(notebook: Any) -> str:
    """The percent script that `notebook` is; a notebook's file sorts the words on a cell's first line, this doesn't."""
    import jupytext

    for cell in notebook.cells:
        words = sorted(cell.metadata.items(), key=lambda item: ORDER.index(item[0]) if item[0] in ORDER else len(ORDER))
        cell.metadata = type(cell.metadata)(words)
    text = jupytext.writes(notebook, fmt=PERCENT)
    return text if text.endswith("\n") else text + "\n"


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def without_solutions(source: str) -> str:
    """`source` with each block from `# solution` on become one bare `raise NotImplementedError`.

    At module level the block ends before `if __name__ == "__main__":` and is left out whole: importing must not raise.
    The blank lines above what follows stay as they are, or as they are above the mark: the formatter would put them back.
    """
    kept, lines = [], source.split("\n")
    while lines:
        line = lines.pop(0)
        if line.strip() != MARK:
            kept.append(line)
            continue
        depth, blanks = indent(line), 0
        while lines and (not lines[0].strip() or (indent(lines[0]) >= depth and not lines[0].startswith(MAIN))):
            blanks = 0 if lines.pop(0).strip() else blanks + 1
        above = len(kept)
        kept = [*kept, " " * depth + STUB] if depth else _without_trailing_blanks(kept)
        kept += [""] * max(blanks, above - len(kept))
    return "\n".join(_without_trailing_blanks(kept))


def _without_trailing_blanks(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def language_of(cell: Any) -> str | None:
    return cell.metadata.get("lang")


def tags_of(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def view(text: str, lang: str) -> str:
    """The learner's file: the lesson `text` in one language, without solutions, hints and answers."""
    notebook = parse(text)
    notebook.cells = [c for c in notebook.cells if language_of(c) in (None, lang) and not tags_of(c) & HIDDEN]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = without_solutions(cell.source)
    return write(notebook)


def cell_span(text: str, exercise: str) -> tuple[int, int] | None:
    """The lines [first, end) of `exercise`'s cell in a percent script that may not parse; None if it is not there.

    Lines are what `text.split("\\n")` gives, as editors count them: a form feed ends none.
    """
    lines = text.split("\n")
    for first, line in enumerate(lines):
        if (named := NAMED.match(line)) and named[1] == exercise:
            rest = range(first + 1, len(lines))
            return first, next((i for i in rest if CELL.match(lines[i])), len(lines))
    return None


def spoken_in(text: str) -> str | None:
    """The language that a learner's file is written in, told by its cells; None if no cell says."""
    found = SPOKEN.findall(text)
    return max(LANGUAGES, key=found.count) if found else None


@dataclass(frozen=True)
class Lesson:
    """A folder `part*/` with a `solutions.py`; the number is the day."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def day(self) -> int:
        number = re.match(r"part(\d+)", self.name)
        if not number:
            raise ValueError(f"{self.folder}: a lesson's folder is called part<day>_<subject>")
        return int(number[1])

    @cached_property
    def order(self) -> int:
        """Its place among the day's lessons: `order=2` on the first line, else 0."""
        with open(self.solutions, encoding="utf-8") as file:
            found = re.search(r"\border=(\d+)", file.readline())
        return int(found[1]) if found else 0

    @property
    def solutions(self) -> Path:
        return self.folder / "solutions.py"

    @property
    def answers(self) -> Path:
        return self.folder / "answers.py"

    @property
    def started(self) -> bool:
        return self.answers.is_file()

    @cached_property
    def text(self) -> str:
        return self.solutions.read_text(encoding="utf-8")

    @cached_property
    def names(self) -> list[str]:
        """The exercises' names in their order, without waiting for jupytext."""
        return [named[1] for line in self.text.split("\n") if (named := NAMED.match(line))]

    @cached_property
    def subject(self) -> str:
        """What follows `part<day>_` in the folder's name."""
        return self.name.partition("_")[2]

    @cached_property
    def cells(self) -> list[Any]:
        return parse(self.text).cells

    def view(self, lang: str) -> str:
        return view(self.text, lang)

    @cached_property
    def title(self) -> dict[str, str]:
        """The first heading in each language."""
        return {lang: next(self._headings(lang)).lstrip("# ") for lang in ("zh", "en")}

    def _headings(self, lang: str) -> Iterator[str]:
        for cell in self.cells:
            if language_of(cell) == lang:
                yield from (line for line in cell.source.splitlines() if line.startswith("#"))

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The exercises in their order; the heading above each is its title, the hints below it are its hints."""
        found, heading, texts = [], {}, {}
        for cell in self.cells:
            data = cell.metadata
            if "hint" in tags_of(cell) and found:
                found[-1].hints.setdefault(data.get("lang", "en"), []).append(cell.source)
            elif cell.cell_type == "markdown":
                heading = heading | _title(cell)
                texts = texts | {data.get("lang"): tags_of(cell)}
            elif name := data.get("exercise"):
                numbers: dict[str, Any] = {key: int(data[key]) for key in ("difficulty", "importance", "minutes")}
                bonus = "bonus" in tags_of(cell) | texts.get("en", set())
                found.append(Exercise(name, heading, **numbers, bonus=bonus, kind=data.get("kind", "write")))
        return found

    @cached_property
    def questions(self) -> list[Question]:
        """The self-check questions in their order."""
        found: list[Question] = []
        for cell in self.cells:
            lang, tags = cell.metadata.get("lang", "en"), tags_of(cell)
            if "question" in tags:
                if lang == "zh":
                    found.append(Question({}, {}, cell.metadata.get("see", "")))
                found[-1].text[lang] = cell.source
            elif "answer" in tags:
                found[-1].answer[lang] = cell.source
        return found


def _title(cell: Any) -> dict[str, str]:
    """The middle of the last heading `### Exercise · title · 15 min`, keyed by language."""
    headings = [line.lstrip("# ") for line in cell.source.splitlines() if re.match(r"#+ ", line)]
    if not headings:
        return {}
    parts = headings[-1].split(" · ")
    return {cell.metadata.get("lang", "en"): parts[1] if len(parts) > 2 else parts[0]}
