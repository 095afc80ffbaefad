"""Where an exercise stands in a learner's file, whatever became of its marker."""

import ast
import re

from coach.course.lesson import Lesson
from coach.course.percent import MAIN, cell_span, defined_by, trimmed


def place_of(text: str, lesson: Lesson, exercise: str) -> tuple[int, int, str]:
    """The lines [first, end) that are the exercise's, and how they were found; an empty range if they are not."""
    lines = text.removesuffix("\n").split("\n") if text else []
    if span := cell_span(text, exercise):
        first, end = span[0], _before_others(lines, *span, [name for name in lesson.names if name != exercise])
        return first, first + len(trimmed(lines[first:end])), "cell"
    if found := _definition(text, exercise):
        return *found, "definition"
    return len(lines), len(lines), "appended"


def _before_others(lines: list[str], first: int, end: int, others: list[str]) -> int:
    """Where a cell ends that has swallowed a definition of one of `others`, whose own marker is gone."""
    astray = next((i for i in range(first + 1, min(end, len(lines))) if _begins(lines[i], others)), end)
    while astray < end and astray > first + 1 and lines[astray - 1].startswith("@"):
        astray -= 1
    return astray


def _begins(line: str, names: list[str]) -> bool:
    """Whether a definition of one of `names` begins on this line."""
    match = re.match(r"(?:def|class)\s+(\w+)|(\w+)\s*[:=]", line)
    return bool(match) and (match[1] or match[2]) in names


def _definition(text: str, name: str) -> tuple[int, int] | None:
    """The lines [first, end) of the last definition of `name` at the top level; None where the file can't be parsed."""
    text = text.replace("\r\n", "\n")
    try:
        body = [] if "\r" in text else ast.parse(text).body  # a lone \r is a line to Python, and none to us
    except (SyntaxError, ValueError):
        return None
    nodes = [node for node in body if name == defined_by(node)]
    if not nodes:
        return None
    decorators = getattr(nodes[-1], "decorator_list", [])
    return min(n.lineno for n in [nodes[-1], *decorators]) - 1, nodes[-1].end_lineno or nodes[-1].lineno


def before_calls(stub: list[str]) -> list[str]:
    """A cell without the call of its test."""
    end = next((i for i, line in enumerate(stub) if line.startswith(MAIN)), len(stub))
    return trimmed(stub[:end])
