"""The wrong answers that learners write, each explained in one sentence per language; and the right ones, each written in another way."""

import functools
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Variant:
    """A right answer to `exercise`, written in another way than the course's."""

    exercise: str
    function: Any
    name: str


_VARIANTS: dict[str, list[Variant]] = {}


def variant(exercise: str, function: Any = None, *, name: str = "") -> Any:
    """Registers the decorated function or class, or `function` under `name`, as a right answer to `exercise`.

    `@variant("f")` decorates; `variant("f", functools.partial(…), name="a_partial")` takes what can't be decorated.
    """
    if function is None:
        return functools.partial(variant, exercise, name=name)
    module = sys._getframe(1).f_globals["__name__"] if name else function.__module__
    found = Variant(exercise, function, name or function.__name__)
    known = _VARIANTS.setdefault(module, [])
    known[:] = [v for v in known if (v.name, v.exercise) != (found.name, exercise)]  # a reload
    known.append(found)
    return function


def variants_of(lesson: str, exercise: str | None = None) -> list[Variant]:
    """The right answers in `lesson`'s variants.py, to one exercise or to all; the lesson is named as in `mistakes_of`."""
    name = _imported(lesson, "variants")
    return [v for v in _VARIANTS.get(name, []) if exercise in (None, v.exercise)]


def mistakes_of(lesson: str, exercise: str | None = None) -> list[Mistake]:
    """The mistakes in `lesson` (the package's name, or that of a module in it), of one exercise or of all."""
    name = _imported(lesson, "mistakes")
    return [m for m in _BY_MODULE.get(name, []) if exercise in (None, m.exercise)]


def _imported(lesson: str, part: str) -> str:
    """The full name of that module of the lesson, imported if it is there."""
    package = lesson.removesuffix(".tests")
    name = f"{package}.{part}"
    if name not in sys.modules:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in (name, package):
                raise
    return name
