"""The learner's function as a test sees it: its calls recorded, its annotations checked, its inputs guarded."""

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coach.judging.annotations import bound, typed
from coach.judging.compare import AWAITED, OBSERVERS, Wrong, brief, is_array, is_tensor
from coach.words import say

KEPT = 50  # calls remembered, the newest
SAMPLES = 3  # calls that the battery repeats, the first


@dataclass
class Call:
    """One call of the learner's function, with its arguments as they were before it."""

    exercise: str
    shown: str  # what is called: the exercise, or for a module how it was made
    args: tuple
    kwargs: dict[str, Any]
    result: Any = None

    def __str__(self) -> str:
        words = [brief(a) for a in self.args] + [f"{key}={brief(value)}" for key, value in self.kwargs.items()]
        return f"{self.shown}({', '.join(words)})"


@dataclass
class Trial:
    """One run of one test."""

    calls: list[Call] = field(default_factory=list)
    samples: dict[str, list[Call]] = field(default_factory=dict)  # the first calls with nothing but data
    stage: str = ""  # the case that the test is at, or the part of the battery

    def call_of(self, result: Any) -> Call | None:
        """The call that returned `result`, else the last one."""
        last = self.calls[-1] if self.calls else None
        return next((c for c in reversed(self.calls) if c.result is result), last) if result is not None else last

    def record(self, call: Call) -> Call:
        self.calls.append(call)
        del self.calls[:-KEPT]
        return call


TRIALS: list[Trial] = []  # those that run, the innermost last


@contextlib.contextmanager
def case(*, zh: str, en: str) -> Iterator[None]:
    """What goes wrong within is said of this case: "on an empty input: the shapes differ"."""
    trial = TRIALS[-1] if TRIALS else Trial()
    before = trial.stage
    trial.stage = before + say(zh=f"{zh}：", en=f"{en}: ")
    yield
    trial.stage = before  # not after an error: the verdict is still to be written


def tree_map(change: Callable, value: Any) -> Any:
    """`value` with `change` applied to every leaf of its lists, tuples and dictionaries."""
    if type(value) in (list, tuple):
        return type(value)(tree_map(change, v) for v in value)
    if type(value) is dict:
        return {key: tree_map(change, v) for key, v in value.items()}
    return change(value)


def leaves(value: Any) -> list[Any]:
    found: list[Any] = []
    tree_map(found.append, value)
    return found


def copied(value: Any) -> Any:
    """A copy of every array in `value`, and of its lists; what is no data (a module, a generator) is passed on."""
    return tree_map(_copy, value)


def _copy(value: Any) -> Any:
    if is_tensor(value):
        return value.detach().clone()
    return copy.copy(value) if isinstance(value, np.ndarray) else value


def is_data(value: Any) -> bool:
    """Whether `value` is nothing but arrays, numbers, strings and containers of them: calling again means the same."""
    plain = (bool, int, float, complex, str, type(None), np.generic)
    return all(is_array(leaf) or isinstance(leaf, plain) for leaf in leaves(value))


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal to the last bit, container by container; NaN equals itself, what is no data passes."""
    if type(a) in (list, tuple) and type(b) is type(a):
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is dict and type(b) is dict:
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if not is_array(a) or not is_array(b):
        return not is_data([a, b]) or type(a) is type(b) and (a == b or a != a and b != b)
    a, b = (x.detach().cpu() if is_tensor(x) else x for x in (a, b))  # type: ignore
    if tuple(a.shape) != tuple(b.shape) or a.dtype != b.dtype:
        return False
    equal = a == b
    return bool((equal | ((a != a) & (b != b))).all())


def watched(function: Any, name: str, trial: Trial, like: Any, skip: Mapping[str, str]) -> Any:
    """`function` as `name`, checked by the annotations of `like`; a value is handed on as it is."""
    if inspect.isclass(function):
        return _watched_class(function, name, trial, like)
    if not callable(function):
        return function
    own = signature_of(function)
    signature = signature_of(like) or own or inspect.Signature()

    @functools.wraps(function, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        record = trial.record(Call(name, name, *copied((args, kwargs))))
        wanting = gradients_wanted((args, kwargs))
        if OBSERVERS:
            record.result = observed(lambda: function(*args, **kwargs), like, record)
        else:
            _check_bind(own, args, kwargs)
            record.result = typed(lambda: function(*args, **kwargs), signature, args, kwargs)
        if "inputs" not in skip:
            _check_unchanged(signature, (args, kwargs), (record.args, record.kwargs))
            _check_wanting(gradients_wanted((args, kwargs)), wanting)
        known = trial.samples.setdefault(name, [])
        if len(known) < SAMPLES and is_data((args, kwargs, record.result)):
            known.append(Call(name, name, record.args, record.kwargs, copied(record.result)))
        return record.result

    return call


def observed(call: Callable, like: Any, record: Call) -> Any:
    """What the call returns, noted; after an error the course's own answer stands in, so that the test can go on."""
    try:
        result = call()
    except NotImplementedError:
        raise
    except Exception as error:
        if AWAITED:
            raise
        OBSERVERS[-1]("call", error)
        args, kwargs = copied((record.args, record.kwargs))
        return _unobserved(lambda: like(*args, **kwargs))
    if record.args or record.kwargs or isinstance(result, Mapping):  # else what the test makes of it tells more
        OBSERVERS[-1]("call", result)
    return result


def _unobserved(call: Callable) -> Any:
    OBSERVERS.append(lambda kind, value: None)
    try:
        return call()
    finally:
        OBSERVERS.pop()


def signature_of(function: Any) -> inspect.Signature | None:
    """None where Python knows none: a function written in C."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _watched_class(written: type, name: str, trial: Trial, like: Any) -> type:
    """A subclass of the learner's class, the same in all but this: it records its making, and each `forward`."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        made = trial.record(Call(name, name, *copied((args, kwargs))))
        self.__dict__["_made"] = str(made)
        written.__init__(self, *args, **kwargs)
        if OBSERVERS:
            OBSERVERS[-1]("made", shapes_of(self))

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        record = trial.record(Call(name, self.__dict__["_made"], *copied((args, kwargs))))
        method = written.forward  # type: ignore[attr-defined]
        signature = signature_of(getattr(like, "forward", method)) or inspect.Signature()
        if OBSERVERS:
            record.result = method(self, *args, **kwargs)
            OBSERVERS[-1]("forward", [record.result, buffers_of(self)])
        else:
            record.result = typed(lambda: method(self, *args, **kwargs), signature, (self, *args), kwargs)
        return record.result

    methods = {"__init__": __init__} | ({"forward": forward} if hasattr(written, "forward") else {})
    names = {"__module__": written.__module__, "__qualname__": written.__qualname__, "__doc__": written.__doc__}
    return type(written)(written.__name__, (written,), methods | names)


def shapes_of(module: Any) -> dict[str, tuple[int, ...]]:
    """The shapes of a module's parameters and buffers, by name."""
    state = module.state_dict() if hasattr(module, "state_dict") else {}
    return {name: tuple(value.shape) for name, value in sorted(state.items()) if is_tensor(value)}


def buffers_of(module: Any) -> dict[str, Any]:
    return dict(sorted(module.named_buffers())) if hasattr(module, "named_buffers") else {}


def _check_bind(signature: inspect.Signature | None, args: tuple, kwargs: dict) -> None:
    if signature is None:
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        taken = f"({', '.join(signature.parameters)})"
        zh, en = (
            f"参数不合：你的函数接受 `{taken}`（{error}）",
            f"the arguments do not fit: your function takes `{taken}` ({error})",
        )
        if unknown := [key for key in kwargs if key not in signature.parameters]:
            zh += f"；参数名 `{unknown[0]}` 要保留"
            en += f"; the parameter's name `{unknown[0]}` must stay"
        raise Wrong(say(zh=zh, en=en)) from None


def gradients_wanted(value: Any) -> list[bool]:
    """Of each tensor in `value`, whether it wants gradients."""
    return [leaf.requires_grad for leaf in leaves(value) if is_tensor(leaf)]


def _check_wanting(now: list[bool], was: list[bool]) -> None:
    if now == was or OBSERVERS:
        return
    zh = "调用之后，传入的张量的 `requires_grad` 变了：先复制（`detach().clone()`）再求梯度"
    en = "after the call a tensor that was passed in has another `requires_grad`: take gradients of a copy (`detach().clone()`)"
    raise Wrong(say(zh=zh, en=en))


def by_name(signature: inspect.Signature, args: tuple, kwargs: dict) -> dict[str, Any]:
    """The arguments by name; by place where they don't go with the signature."""
    names = bound(signature, args, kwargs)
    return names if names is not None else {str(i): value for i, value in enumerate(args)} | kwargs


def _check_unchanged(signature: inspect.Signature, after: tuple, before: tuple) -> None:
    now, was = by_name(signature, *after), by_name(signature, *before)
    for name in was:
        if same(now[name], was[name]):
            continue
        if OBSERVERS:
            OBSERVERS[-1]("changed", name)
            continue
        why = say(zh=f"调用改动了传入的 `{name}`", en=f"the call changed its argument `{name}`")
        raise Wrong(why, expected=brief(was[name]), shown=brief(now[name]))
