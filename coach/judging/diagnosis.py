"""Which known mistake a wrong answer is: the one that does the same on every call that the test makes."""

import contextlib
import dataclasses
import inspect
import io
import math
import numbers
import re
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from coach.judging.compare import dtype_name, is_array, is_tensor, plain, words_of
from coach.judging.mistakes import Mistake, mistakes_of

KEPT = 10_000  # elements of an array that are compared: so many, evenly spread
LIBRARIES = {"torch", "numpy", "einops", *sys.stdlib_module_names} - {
    "__main__"
}  # what a function is called there counts
BUDGET = 0.6  # seconds of this thread's time that the search may take, unless the test trains something

Run = Callable[[Mapping[str, Any], Callable[[str, Any], None]], None]


class Unlike(BaseException):
    """This mistake does something else. No `Exception`: a test's own code must not catch it."""


@dataclasses.dataclass
class Array:
    """A tensor or an array as it was."""

    dtype: str
    shape: tuple[int, ...]
    values: np.ndarray


@dataclasses.dataclass
class Failed:
    """An error: its type, and how its message begins, without numbers."""

    kind: str
    message: str


@dataclasses.dataclass
class Tape:
    """What one function did in the whole of a test: each value that the test saw, in order.

    With `against`, `Unlike` at the first entry that differs; `exact` tells whether even the types of all agreed.
    """

    against: "Tape | None" = None
    entries: list[tuple[str, Any]] = dataclasses.field(default_factory=list)
    exact: bool = True

    def __call__(self, kind: str, value: Any) -> None:
        self.add(kind, frozen(value))

    def add(self, kind: str, value: Any) -> None:
        """The next entry, its value frozen."""
        self.entries.append((kind, value))
        if self.against is not None:
            self._hold(self.against.entries)

    def _hold(self, others: list[tuple[str, Any]]) -> None:
        """Compares the newest entry with the other tape's."""
        (kind, value), place = self.entries[-1], len(self.entries) - 1
        if place >= len(others) or kind != others[place][0] or not alike(value, others[place][1]):
            raise Unlike
        self.exact = self.exact and alike(value, others[place][1], exact=True)


def frozen(value: Any) -> Any:
    """`value` as it is now, in a form that can be compared: a later change of it in place changes nothing here."""
    if isinstance(value, np.floating):  # without axes NumPy gives a number for an array: that is no difference
        value = np.asarray(value)
    if is_array(value):
        return Array(dtype_name(value), tuple(map(int, value.shape)), _numbers(value))
    if isinstance(value, BaseException):
        return Failed(type(value).__name__, re.sub(r"\d+", "", words_of(value))[:40])
    if isinstance(value, Mapping):
        return {str(key): frozen(x) for key, x in value.items()}
    if isinstance(value, list | tuple):
        return [frozen(x) for x in value]
    if hasattr(value, "state_dict"):
        return {"": type(value).__name__} | frozen(value.state_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return frozen({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    if isinstance(value, types.FunctionType) and value.__module__.partition(".")[0] not in LIBRARIES:
        return "a function"  # which one tells the calls of it
    if isinstance(value, type) or inspect.isroutine(value):  # an annotation of jaxtyping's is a class, too
        return f"{value.__module__}.{value.__name__}"
    if isinstance(value, str) or type(value).__module__ == "torch":  # a dtype, a device
        return str(value).removeprefix("torch.")
    return plain(value) if isinstance(value, numbers.Number | None) else type(value).__name__


def _numbers(value: Any) -> np.ndarray:
    """An array's elements, evenly spread ones where there are many."""
    if is_tensor(value):
        value = value.detach().cpu()
        value = (value.float() if dtype_name(value) == "bfloat16" else value).contiguous().numpy()
    flat = value.reshape(-1)
    flat = flat[:: max(1, math.ceil(flat.size / KEPT))]
    return flat.astype(complex if flat.dtype.kind == "c" else float)


def alike(a: Any, b: Any, *, exact: bool = False) -> bool:
    """Whether two frozen values are equal up to rounding; without `exact` any two errors are, whatever the dtypes."""
    if isinstance(a, Failed) and isinstance(b, Failed):
        return a == b or not exact
    if isinstance(a, Array) != isinstance(b, Array) and not exact:
        a, b = (x.values.item() if isinstance(x, Array) and x.shape == () else x for x in (a, b))
    if isinstance(a, Array) and isinstance(b, Array):
        return a.shape == b.shape and (a.dtype == b.dtype or not exact) and _close(a.values, b.values)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(alike(x, y, exact=exact) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key], exact=exact) for key in a)
    if isinstance(a, float) and isinstance(b, numbers.Real) and not isinstance(b, bool):
        return math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-6) or (math.isnan(a) and math.isnan(b))
    return type(a) is type(b) and a == b or (isinstance(a, int) and isinstance(b, float) and alike(b, a))


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    """Up to rounding, by the measure of the largest."""
    with np.errstate(all="ignore"):
        large = np.abs(b[np.isfinite(b)]).max(initial=0)
        return bool(np.allclose(a, b, rtol=1e-3, atol=1e-6 * large, equal_nan=True))


@dataclasses.dataclass
class Search:
    """For what a wrong answer, `given`, does: throughout the test `module` has, and unlike the course's `reference`.

    `run(functions, observer)` goes through the test with the functions, telling the observer what it sees.
    """

    module: str
    given: Mapping[str, Any]
    reference: Mapping[str, Any]
    run: Run
    hurry: bool = True  # end it when its time is over
    tapes: "dict[tuple[int, ...], Tape] | None" = None  # what functions were seen to do, where many are searched for

    def __post_init__(self) -> None:
        self.learners = self._whole(self.given)
        known = any(self.reference[name] is not self.given[name] for name in self.given)
        self.right = self._same(self.reference) if known else None

    @property
    def always_fails(self) -> bool:
        """Whether it never comes to a result: then one error is not like another."""
        found = [value for kind, value in self.learners.entries if kind in ("call", "forward", "made")]
        return all(isinstance(value, Failed) for value in found)

    @property
    def does_the_right(self) -> bool:
        """Whether the test sees of it just what it sees of the course's own answer."""
        return bool(self.right and self.right.exact)

    def mistake(self) -> Mistake | None:
        """The registered mistake that behaves so; None if none does."""
        if self.does_the_right:
            return None
        until = time.thread_time() + BUDGET if self.hurry else math.inf
        second = None
        for functions, known in self._known():
            if time.thread_time() > until:
                return second
            if tape := self._same(functions):
                if tape.exact:
                    return known
                # where only types differ from the right, or all are errors, they must be the same
                second = second or (None if self.right or self.always_fails else known)
        return second or self._prediction()

    def _known(self) -> Iterator[tuple[dict[str, Any], Mistake]]:
        for exercise in self.given:
            for known in mistakes_of(self.module, exercise):
                yield dict(self.given) | {exercise: known.function}, known

    def _same(self, functions: Mapping[str, Any]) -> Tape | None:
        """The tape of `functions`, if it agrees with the learner's from its beginning to its end."""
        tape = Tape(self.learners)
        with contextlib.suppress(Unlike):
            if self.tapes is None:
                _record(tape, self.run, functions)
            else:
                for kind, value in self._whole(functions).entries:
                    tape.add(kind, value)
            return tape if len(tape.entries) == len(self.learners.entries) else None
        return None

    def _whole(self, functions: Mapping[str, Any]) -> Tape:
        """The whole tape of `functions`, from `tapes` if it is there."""
        kept = {} if self.tapes is None else self.tapes
        key = tuple(map(id, functions.values()))
        if key not in kept:
            kept[key] = _record(Tape(), self.run, functions)
        return kept[key]

    def _prediction(self) -> Mistake | None:
        """Where the answer is a table of predictions: a mistake all of whose wrong entries are the learner's, too."""
        own = _table(self.learners)
        right = _table(self._whole(self.reference)) if own else None
        if own is None or right is None:
            return None
        for functions, known in self._known():
            theirs = _table(self._whole(functions)) or {}
            wrong = [key for key in theirs if key in right and not alike(theirs[key], right[key])]
            if wrong and all(key in own and alike(theirs[key], own[key]) for key in wrong):
                return known
        return None


def _record(tape: Tape, run: Run, functions: Mapping[str, Any]) -> Tape:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run(functions, tape)
    return tape


def _table(tape: Tape) -> dict[str, Any] | None:
    """What a function without arguments returned, if that is a table and the only thing it returned."""
    tables = [value for kind, value in tape.entries if kind == "table"]
    return tables[0] if tables and isinstance(tables[0], dict) else None
