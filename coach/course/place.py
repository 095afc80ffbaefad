"""Where an exercise stands in a learner's file, whatever became of its marker; told by its definition in force."""

import ast
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from coach.course.lesson import Lesson
from coach.course.percent import cell_spans, defined_by, is_main, named_on, parsed, trimmed

# Where a statement begins in text that Python can't read.
BEGINS = re.compile(
    r"@|if __name__|(?:import|from)\s|(?:(?:async\s+)?def|class)\s+(?P<maker>\w+)|(?P<target>\w+)\s*(?::[^=]+)?=(?!=)"
)

OWN_SCOPE = ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp


class Definition(NamedTuple):
    """The lines [first, end) at the top level that give `name` a value, decorators and all; "" is the tests' call."""

    name: str
    first: int
    end: int


def place_of(text: str, lesson: Lesson, exercise: str) -> tuple[int, int, str]:
    """The lines [first, end) that are the exercise's, and how they were found; an empty range if they are not.

    Of several definitions the last is meant, for it is in force: its cell, or itself where the marker is not above it.
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    spans = [span for span in cell_spans(text) if named_on(lines[span[0]]) == exercise] if lines else []
    spans = [(first, _before_others(lines, first, end, lesson.names, exercise)) for first, end in spans]
    own = [found for found in definitions(text) if found.name == exercise]
    for first, end in spans[::-1]:
        if not own or first <= own[-1].first < end:
            return first, first + len(trimmed(lines[first:end])), "cell"
    if own:
        return own[-1].first, own[-1].end, "definition"
    return len(lines), len(lines), "appended"


def _before_others(lines: list[str], first: int, end: int, names: list[str], own: str) -> int:
    """Where a cell ends that has swallowed a definition of another exercise, whose own marker is gone."""
    others = [name for name in names if name != own]
    astray = next((i for i in range(first + 1, min(end, len(lines))) if _made_on(lines[i]) in others), end)
    while first + 1 < astray < end and lines[astray - 1].startswith("@"):
        astray -= 1
    return astray


def _made_on(line: str) -> str:
    """The name that a statement gets its value on this line, "" if none."""
    found = BEGINS.match(line)
    return (found["maker"] or found["target"] or "") if found else ""


def definitions(text: str) -> list[Definition]:
    """What the text defines at its top level, in order; cell by cell where it is no Python as a whole."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    if tree := parsed(text):
        return list(_defined(tree, lines, 0))
    return [found for first, end in cell_spans(text) for found in _in_cell(lines[first:end], first)]


def _in_cell(lines: list[str], above: int) -> Iterator[Definition]:
    tree = parsed("\n".join(lines))
    return _defined(tree, lines, above) if tree else _looked_for(lines, above)


def _defined(tree: ast.Module, lines: list[str], above: int) -> Iterator[Definition]:
    for node in tree.body:
        if is_main(node) or defined_by(node):
            first = min(n.lineno for n in [node, *getattr(node, "decorator_list", [])]) - 1
            end = _with_comments(lines, node.end_lineno or node.lineno)
            yield Definition(defined_by(node), above + first, above + end)


def _with_comments(lines: list[str], end: int) -> int:
    """Further down, if what follows are comments within the block."""
    for i in range(end, len(lines)):
        if re.match(r"[ \t]+#", lines[i]):
            end = i + 1
        elif lines[i].strip():
            break
    return end


def _looked_for(lines: list[str], above: int) -> Iterator[Definition]:
    """The definitions in lines that can't be parsed: each reaches to where the next statement begins."""
    starts = [i for i, line in enumerate(lines) if BEGINS.match(line)]
    starts = [i for i in starts if not (i and lines[i - 1].startswith("@"))]  # a decorator begins its definition
    for first, end in itertools.pairwise([*starts, len(lines)]):
        head = next((i for i in range(first, end) if not lines[i].startswith("@")), first)
        if _made_on(lines[head]) or lines[head].startswith("if __name__"):
            yield Definition(_made_on(lines[head]), above + first, above + first + _length(lines[first:end]))


def _length(block: list[str]) -> int:
    """Without the blank lines and the unindented comments at its end: those belong to what follows."""
    kept = len(block)
    while kept > 1 and (not block[kept - 1].strip() or block[kept - 1].startswith("#")):
        kept -= 1
    return kept


def hidden_by(text: str, name: str, after: int) -> int:
    """The line (from 1) below line `after` that gives `name` another value on import, 0 if none; 0 where it can't be told."""
    tree = parsed(text.replace("\r\n", "\n"))
    lines = [line for node in tree.body for line in _binding(node, name)] if tree else []
    return max((line for line in lines if line > after), default=0)


def _binding(node: ast.AST, name: str) -> Iterator[int]:
    """The lines on which a statement and what it holds give `name` a value at the module's level."""
    if isinstance(node, ast.stmt) and is_main(node):
        return
    alias = isinstance(node, ast.alias) and (node.asname or node.name.partition(".")[0]) == name
    if alias or (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)):
        yield node.lineno  # type: ignore[attr-defined]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if node.name == name:
            yield node.lineno
    elif not isinstance(node, OWN_SCOPE):
        for child in ast.iter_child_nodes(node):
            yield from _binding(child, name)
