"""The learner's file in the other language: every text of the lesson's becomes its counterpart, all else stays."""

from collections import defaultdict

from coach.answers.matching import Cell, cells_in
from coach.answers.merge import newline_of
from coach.course.percent import spoken_in


def translated(text: str, old: str, new: str) -> str:
    """`text` with each of the cells of the view `old` as the view `new` has it. Both are of one lesson, cell by cell."""
    newline = newline_of(text)
    counterparts: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for before, after in zip(cells_in(old), cells_in(new), strict=True):
        if before.prose:
            counterparts[_words(before)].append(after)
    return "".join(_counterpart(cell, counterparts, newline) for cell in cells_in(text))


def left_over(text: str, lang: str) -> list[int]:
    """The lines (from 1) of the cells that are not in `lang`: those that the learner changed."""
    line, found = 1, []
    for cell in cells_in(text):
        if spoken_in(cell.text) not in (None, lang):
            found.append(line)
        line += cell.text.count("\n")
    return found


def _counterpart(cell: Cell, counterparts: dict[tuple[str, ...], list[Cell]], newline: str) -> str:
    found = counterparts.get(_words(cell)) if cell.prose else None
    if not found:
        return cell.text
    after = found.pop(0) if len(found) > 1 else found[0]  # alike in one language, and not in the other
    body, below = cell.text.rstrip(), cell.text[len(cell.text.rstrip()) :]
    return after.text.rstrip().replace("\n", newline) + below if body else cell.text


def _words(cell: Cell) -> tuple[str, ...]:
    return tuple(cell.text.split())
