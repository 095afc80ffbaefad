"""A learner's file cell by cell: from one save to the next most cells stay as they are, and need not be read again."""

import contextlib
import re
import types
import warnings
from functools import lru_cache

from coach.course.percent import NO_PYTHON, cells_of
from coach.running.explained import too_deep

# What one line says of the whole file; of an encoding only a comment on one of the first two lines does.
OF_ALL_CELLS = re.compile(rb"__future__|\A(?:[^\n]*\n)?[ \t\f]*#[^\n]*coding[:=]")


def code_of(data: bytes, path: str) -> list[types.CodeType]:
    """The file compiled, to be executed in this order: cell by cell where each is Python by itself, else as a whole.

    SyntaxError or ValueError where Python can't read it. A cell that was compiled before is not compiled again, wherever it stands now.
    """
    with contextlib.suppress(*NO_PYTHON), warnings.catch_warnings():
        warnings.simplefilter("error")  # what Python has to say of a cell it is to say each time, at the right line
        if not OF_ALL_CELLS.search(data):
            return [compiled(cell, path, above) for above, cell in cells_of(data)]
    try:
        return [compile(data, path, "exec", dont_inherit=True)]
    except (RecursionError, MemoryError) as error:
        raise SyntaxError(too_deep()) from error


@lru_cache(maxsize=4096)
def compiled(cell: str, path: str, above: int) -> types.CodeType:
    """The code of a cell with so many lines above it."""
    return moved(compiled(cell, path, 0), above) if above else compile(cell, path, "exec", dont_inherit=True)


def moved(code: types.CodeType, lines: int) -> types.CodeType:
    """The same code, and that of all functions in it, so many lines further down."""
    inside = tuple(moved(c, lines) if isinstance(c, types.CodeType) else c for c in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + lines, co_consts=inside)
