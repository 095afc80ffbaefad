"""What the book is made of: the percent scripts of the lessons, and the plays beside them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from coach.course.lesson import Lesson
from coach.course.percent import language_of, markers, parse
from coach.words import LANGUAGES

PLAY = "play.py"  # a page to play on, beside a lesson's solutions.py


@dataclass(frozen=True)
class Script:
    """A percent script that becomes a page: a lesson, or a play."""

    lesson: Lesson
    path: Path

    @property
    def is_play(self) -> bool:
        return self.path.name == PLAY

    @property
    def page(self) -> str:
        """The page's name, the same in both languages."""
        return f"play_{self.lesson.subject}" if self.is_play else self.lesson.name

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def cells(self) -> list[Any]:
        return parse(self.text).cells if self.is_play else self.lesson.cells

    @cached_property
    def lines(self) -> list[int]:
        """The line (from 1) of each cell's marker."""
        return [line + 1 for line in markers(self.text)]

    @cached_property
    def code(self) -> list[tuple[int, Any]]:
        """The code cells, each with its line."""
        return [(n, c) for n, c in zip(self.lines, self.cells, strict=True) if c.cell_type == "code"]

    @cached_property
    def title(self) -> dict[str, str]:
        if not self.is_play:
            return self.lesson.title
        texts = {lang: next(c.source for c in self.cells if language_of(c) == lang) for lang in LANGUAGES}
        return {lang: text.split("\n")[0].lstrip("# ") for lang, text in texts.items()}


def scripts_of(lessons: list[Lesson]) -> list[Script]:
    """The lessons in their order, then the plays that stand beside them."""
    plays = [Script(lesson, lesson.folder / PLAY) for lesson in lessons if (lesson.folder / PLAY).is_file()]
    return [*(Script(lesson, lesson.solutions) for lesson in lessons), *plays]
