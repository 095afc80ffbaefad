"""A lesson as its rules see it: its cells with their lines, its files, the course around it; and what a rule finds."""

import ast
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from coach.course.glossary import Glossary
from coach.course.lesson import Lesson
from coach.course.percent import markers, parse
from coach.course.workspace import Workspace
from coach.rules import REWRITTEN
from coach.words import say

WARNING, BAD = "⚠", "✗"
PARTS = ("__init__", "solutions", "tests", "mistakes", "variants")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `fix` is what to do."""

    mark: str
    rule: str
    path: Path
    line: int
    text: str
    fix: str

    def __str__(self) -> str:
        return f"{self.mark} {self.path}:{self.line}: {self.text}\n    → {self.fix}"


@dataclass(frozen=True)
class Cell:
    """One cell, with the line of its marker."""

    line: int
    code: bool
    source: str
    data: dict[str, Any]

    @property
    def lang(self) -> str:
        return self.data.get("lang", "")

    @property
    def tags(self) -> set[str]:
        return set(self.data.get("tags", ()))

    def line_of(self, start: int) -> int:
        """The line of the file that the character at `start` of the source stands on."""
        return self.line + 1 + self.source.count("\n", 0, start)


@dataclass(frozen=True)
class Page:
    """A lesson in its course."""

    workspace: Workspace
    lesson: Lesson
    rewritten: frozenset[str] = REWRITTEN

    @property
    def new_form(self) -> bool:
        return self.lesson.name in self.rewritten

    @cached_property
    def lines(self) -> list[str]:
        return self.lesson.text.split("\n")

    @cached_property
    def cells(self) -> list[Cell]:
        starts = [i + 1 for i in markers(self.lesson.text)]
        cells = parse(self.lesson.text).cells
        if len(starts) < len(cells):  # something stands above the first marker
            starts = [0, *starts]
        return [
            Cell(line, cell.cell_type == "code", cell.source, dict(cell.metadata))
            for line, cell in zip(starts, cells, strict=True)
        ]

    @property
    def prose(self) -> list[Cell]:
        return [cell for cell in self.cells if not cell.code]

    @property
    def exercises(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.code and "exercise" in cell.data]

    @cached_property
    def hints(self) -> dict[str, list[Cell]]:
        """The hint cells below each exercise."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            if cell.code and "exercise" in cell.data:
                below = found.setdefault(cell.data["exercise"], [])
            elif "hint" in cell.tags and found:
                below.append(cell)
        return found

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.lesson.text)

    @property
    def files(self) -> list[Path]:
        """The lesson's own files in Python; what a learner put beside them is not."""
        names = {path.stem for path in self.lesson.folder.glob("*.py")}
        return [self.lesson.folder / f"{name}.py" for name in sorted(names - {"answers"})]

    @cached_property
    def glossary(self) -> Glossary:
        return Glossary.of(self.lesson.folder.parents[1] / "glossary.toml")

    def bad(self, line: int, fix: str, *, zh: str, en: str, file: str | Path = "solutions.py") -> Finding:
        """What is wrong in a file of the lesson, at a line."""
        return Finding(BAD, "", self.lesson.folder / file, line, say(zh=zh, en=en), fix)

    def teaching(self, line: int, fix: str, *, zh: str, en: str, file: str | Path = "solutions.py") -> Finding:
        """The same for a rule of the new form: a warning, where the lesson isn't rewritten yet."""
        mark = BAD if self.new_form else WARNING
        return Finding(mark, "", self.lesson.folder / file, line, say(zh=zh, en=en), fix)


Rule = Callable[[Page], Iterator[Finding]]


def rule(function: Rule) -> Rule:
    """Writes the rule's name into what it finds."""

    @functools.wraps(function)
    def named(page: Page) -> Iterator[Finding]:
        for found in function(page):
            yield Finding(found.mark, function.__name__, found.path, found.line, found.text, found.fix)

    return named
