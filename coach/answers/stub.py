"""An exercise put back to its stub in a learner's text, in which all else stays as it is."""

import re
from dataclasses import dataclass

from coach.answers.merge import newline_of
from coach.course.lesson import Lesson
from coach.course.percent import cell_spans, named_on
from coach.course.place import Definition, definitions, hidden_by, place_of


@dataclass(frozen=True)
class PutBack:
    """The new text, and where the stub stands in it; `how` is "cell", "definition" (no marker was above it) or "appended".

    `others` are the lines of the exercise's further definitions, all above the one in force.
    `hidden_by` is a line below that gives the name another value, 0 if there is none.
    """

    text: str
    line: int
    how: str
    others: list[int]
    hidden_by: int


def put_back(text: str, lesson: Lesson, exercise: str, stub: list[str]) -> PutBack:
    """`text` with `stub`'s definitions for those in force; what else the learner wrote beside them stays."""
    first, end, how = place_of(text, lesson, exercise)
    own = _lines(text)[first:end]
    known = {found.name for found in definitions(text)}
    if how == "appended":
        new = with_lines(text, first, end, ["", *stub])
    elif how == "definition":
        marked = any(named_on(_lines(text)[start]) == exercise for start, _ in cell_spans(text))
        new = with_lines(text, first, end, _definitions_of(stub, exercise, known, with_marker=not marked))
    else:
        new = with_lines(text, first, end, _mended(own, stub, known))
        if not _in_force(new, stub, exercise):  # its own lines could not be told from the others
            new = with_lines(text, first, end, stub)
    others = [found for found in definitions(new) if found.name == exercise]
    hidden = hidden_by(new, exercise, others[-1].end) if others else 0
    return PutBack(new, first + 1 + (how == "appended"), how, [found.first + 1 for found in others[:-1]], hidden)


def with_lines(text: str, first: int, end: int, new: list[str]) -> str:
    """`text` with `new` for its lines [first, end); all others as they are, and newlines like theirs."""
    lines, newline = re.findall(r"[^\n]*\n|[^\n]+", text), newline_of(text)
    if first == end == len(lines) and lines and not lines[-1].endswith("\n"):
        lines[-1] += newline
    unended = end > first and not lines[end - 1].endswith("\n")
    lines[first:end] = [line + newline for line in new]
    return "".join(lines).removesuffix(newline) if unended else "".join(lines)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _definitions_of(stub: list[str], exercise: str, known: set[str], *, with_marker: bool) -> list[str]:
    """The stub without the call of its test, and without what is defined elsewhere already."""
    found = definitions("\n".join(stub))
    kept = stub[: found[0].first] if with_marker else []
    for i, one in enumerate(wanted for wanted in found if wanted.name == exercise or wanted.name not in known | {""}):
        kept += [""] * 2 * bool(i) + stub[one.first : one.end]
    return kept


def _mended(own: list[str], stub: list[str], known: set[str]) -> list[str]:
    """The learner's cell with the stub's definitions for its own; the call of the test is put back only where it is gone."""
    own = list(own)
    for wanted in definitions("\n".join(stub)):
        block = stub[wanted.first : wanted.end]
        there = [found for found in definitions("\n".join(own)) if found.name == wanted.name]
        if there and wanted.name:
            own[there[-1].first : there[-1].end] = block
        elif not there and (wanted.name not in known or not wanted.name):
            _insert(own, wanted, block)
    return own


def _insert(own: list[str], wanted: Definition, block: list[str]) -> None:
    """Puts the block before the call of the test, else at the end."""
    call = next((found.first for found in definitions("\n".join(own)) if not found.name), None)
    if call is None or not wanted.name:
        gap = 2 if len(own) > 1 else 0
        own += [""] * gap + block
    else:
        own[call:call] = [*block, "", ""]


def _in_force(text: str, stub: list[str], exercise: str) -> bool:
    """Whether the last definition of `exercise` in the text is the stub's."""
    written = [_lines(text)[found.first : found.end] for found in definitions(text) if found.name == exercise]
    given = [stub[found.first : found.end] for found in definitions("\n".join(stub)) if found.name == exercise]
    return written[-1:] == given[-1:]
