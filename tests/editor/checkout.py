"""Copies of the workspace for proofs that write."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace

from .vscode import REPOSITORY, Window

STUB = "raise NotImplementedError"
# `judged` speaks differently below pytest, and what we start is not; figures are to come as an editor has them.
HIDDEN = {"PYTEST_CURRENT_TEST", "PLOTLY_RENDERER"}


@dataclass
class Copy:
    """A checkout of its own, begun by a learner on its first written day."""

    root: Path

    @property
    def window(self) -> Window:
        return Window(self.root)

    @property
    def lesson(self) -> Lesson:
        return self.lesson_named("part1_raytracing")

    def lesson_named(self, name: str) -> Lesson:
        return next(lesson for lesson in Workspace(self.root).lessons if lesson.name == name)

    @property
    def answers(self) -> Path:
        return self.lesson.folder / "answers.py"

    def environment(self, lang: str = "en") -> dict[str, str]:
        """As if this copy were the one installed, in that language, with nobody's editor to open files in."""
        given = Workspace(self.root).environment() | {"COACH_LANG": lang, "COACH_NO_EDITOR": "1"}
        return {name: value for name, value in given.items() if name not in HIDDEN}

    def run(self, *command: str, lang: str = "en", cwd: Path | None = None, check: bool = False, seconds: float = 180):
        """Runs the program on this copy; its output is in `stdout`, errors and all."""
        return subprocess.run(
            command, cwd=cwd or self.root, env=self.environment(lang), check=check, timeout=seconds,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip

    def answer(self, exercise: str, body: str) -> int:
        """Writes `body` in place of the exercise's stub; returns its line."""
        text = self.answers.read_text(encoding="utf-8")
        at = text.index(STUB, text.index(f"\ndef {exercise}("))
        self.answers.write_text(text[:at] + body + text[at + len(STUB) :], encoding="utf-8", newline="\n")
        return text[:at].count("\n") + 1


def files_of(repository: Path) -> list[str]:
    """What a clone would hold if everything here were committed, but for a learner's own files."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=repository, check=True, capture_output=True, encoding="utf-8").stdout.split("\0")
    return [name for name in names if name and Path(name).name != "answers.py" and (repository / name).is_file()]


def copy_to(root: Path) -> Path:
    """A copy of the repository's files at `root`, and its path."""
    for name in files_of(REPOSITORY):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, root / name)
    return root
