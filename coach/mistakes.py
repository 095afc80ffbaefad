"""The wrong answers that learners write, each explained in one sentence per language."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

from coach.words import say


@dataclass(frozen=True)
class Mistake:
    """A wrong answer to `exercise`."""

    exercise: str
    function: Callable
    zh: str
    en: str

    @property
    def name(self) -> str:
        return self.function.__name__

    def explained(self) -> str:
        return say(zh=self.zh, en=self.en)


_BY_MODULE: dict[str, list[Mistake]] = {}


def mistake(exercise: str, *, zh: str, en: str) -> Callable:
    """Registers the decorated function (or class) as a mistake that learners make in `exercise`."""

    def register(function: Callable) -> Callable:
        known = _BY_MODULE.setdefault(function.__module__, [])
        known[:] = [m for m in known if (m.name, m.exercise) != (function.__name__, exercise)]  # a reload
        known.append(Mistake(exercise, function, zh, en))
        return function

    return register


def mistakes_of(lesson: str, exercise: str | None = None) -> list[Mistake]:
    """The mistakes in `lesson` (the package's name, or that of a module in it), of one exercise or of all."""
    package = lesson.removesuffix(".tests")
    name = f"{package}.mistakes"
    if name not in sys.modules:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in (name, package):
                raise
    return [m for m in _BY_MODULE.get(name, []) if exercise in (None, m.exercise)]
