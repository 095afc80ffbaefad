"""What a learner's file defines at its top level, and what of that a save changed."""

import ast
from dataclasses import dataclass
from functools import lru_cache

from coach.course.lesson import Lesson
from coach.course.percent import NO_PYTHON, cell_span, cells_of, defined_by, is_main, without_solutions


@dataclass(frozen=True)
class Statement:
    """One statement at the top level of a cell."""

    name: str  # of the function, class or variable that it makes; "" if it makes none or several
    line: int  # of the cell, whose first is 1
    source: str
    names: frozenset[str]  # that stand in it anywhere
    unwritten: bool  # whether the stub's bare `raise NotImplementedError` is still in it


@lru_cache(maxsize=8)
def outline_of(data: bytes) -> "Outline | None":
    """None where `data` is no Python, or no text."""
    try:
        return Outline(data)
    except NO_PYTHON:
        return None


class Outline:
    """The top level of a learner's file; one of `NO_PYTHON` where Python can't read it."""

    def __init__(self, data: bytes) -> None:
        cells = cells_of(data)
        found = [statements(cell) for _, cell in cells]
        if None in found:  # a string or a block may reach over several cells
            cells = [(0, "".join(cell for _, cell in cells))]
            found = [parsed(cells[0][1])]
        self.parts: dict[str, list[Statement]] = {}
        self.lines: dict[str, int] = {}  # where each part stands, the last one if there are several of its name
        self.rest: list[str] = []
        for (above, _), inside in zip(cells, found, strict=True):
            for statement in inside or ():
                if statement.name:
                    self.parts.setdefault(statement.name, []).append(statement)
                    self.lines[statement.name] = above + statement.line
                else:
                    self.rest.append(statement.source)

    def source(self, name: str) -> list[str]:
        return [part.source for part in self.parts.get(name, ())]

    def unwritten(self, name: str) -> bool:
        return any(part.unwritten for part in self.parts.get(name, ()))

    def changed_since(self, old: "Outline") -> set[str] | None:
        """The parts that differ, and those that need one that does; None for all: code outside of them differs."""
        if self.rest != old.rest:
            return None
        changed = {name for name in self.parts.keys() | old.parts.keys() if self.source(name) != old.source(name)}
        while more := {name for name in self.parts.keys() - changed if self.needs(name) & changed}:
            changed |= more
        return changed

    def needs(self, name: str) -> set[str]:
        """Every name that stands in the part."""
        return {found for part in self.parts[name] for found in part.names}


def untouched(lesson: Lesson, data: bytes) -> set[str]:
    """The debugging exercises that stand in the learner's file as the lesson gives them."""
    new = outline_of(data) if lesson.debugging else None
    if new is None:
        return set()
    lines = lesson.text.split("\n")
    spans = {name: cell_span(lesson.text, name) for name in lesson.debugging}
    cells = {name: without_solutions("\n".join(lines[slice(*span)])) for name, span in spans.items() if span}
    given = {name: Outline(cell.encode()) for name, cell in cells.items()}
    return {name for name, outline in given.items() if outline.source(name) == new.source(name)}


@lru_cache(maxsize=2048)
def statements(cell: str) -> tuple[Statement, ...] | None:
    """Those of one cell; None where it is no Python by itself."""
    try:
        return parsed(cell)
    except NO_PYTHON:
        return None


def parsed(code: str) -> tuple[Statement, ...]:
    """The top-level statements of `code`, but for what stands under `if __name__ == "__main__":`."""
    lines = code.split("\n")
    return tuple(described(node, lines) for node in ast.parse(code).body if not is_main(node))


def described(node: ast.stmt, lines: list[str]) -> Statement:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    inside = list(ast.walk(node))
    raised = [n.exc for n in inside if isinstance(n, ast.Raise)]
    return Statement(
        defined_by(node),
        node.lineno,
        "\n".join(lines[first - 1 : node.end_lineno]),
        frozenset(n.id for n in inside if isinstance(n, ast.Name)),
        any(isinstance(error, ast.Name) and error.id == "NotImplementedError" for error in raised),
    )
