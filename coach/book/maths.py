"""Formulas as MathML, made when the book is built: a browser draws them by itself, and a screen reader reads them."""

import re
from functools import cache

UNKNOWN = re.compile(r">\s*\\[A-Za-z]+|<merror")


class NoFormula(ValueError):
    """TeX that no MathML could be made of."""


@cache
def mathml(tex: str, *, block: bool = False) -> str:
    """The formula `tex`; `NoFormula` if it can't be read, or holds a command that is not known."""
    from latex2mathml.converter import convert  # pyright: ignore[reportMissingImports]

    try:
        made = convert(tex.strip(), display="block" if block else "inline")
    except Exception as error:  # the converter raises whatever it stumbles over
        raise NoFormula(f"{tex}: {error!r}") from error
    if UNKNOWN.search(made):
        raise NoFormula(f"{tex}: a command is not known")
    return made
