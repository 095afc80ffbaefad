"""The learner's function as a test sees it: its calls recorded, its annotations checked, its inputs guarded."""

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from beartype.door import is_bearable
from beartype.roar import BeartypeException
from jaxtyping import jaxtyped

from coach.judging.compare import Wrong, brief, is_array, is_tensor, kind_of
from coach.words import say


@dataclass
class Call:
    """One call of the learner's function, with its arguments as they were before it."""

    name: str
    args: tuple
    kwargs: dict[str, Any]
    result: Any = None
    function: Callable | None = None

    def __str__(self) -> str:
        words = [brief(a) for a in self.args] + [f"{key}={brief(value)}" for key, value in self.kwargs.items()]
        return f"{self.name}({', '.join(words)})"


@dataclass
class Trial:
    """One run of one test."""

    calls: list[Call] = field(default_factory=list)
    samples: dict[str, list[Call]] = field(
        default_factory=dict
    )  # the first calls with nothing but data, for the battery
    stage: str = ""  # what the battery is at

    def call_of(self, result: Any) -> Call | None:
        """The call that returned `result`, else the last one."""
        last = self.calls[-1] if self.calls else None
        return next((c for c in reversed(self.calls) if c.result is result), last) if result is not None else last


TRIALS: list[Trial] = []  # those that run, the innermost last


@contextlib.contextmanager
def case(*, zh: str, en: str) -> Iterator[None]:
    """What goes wrong within is said of this case: "on an empty input: the shapes differ"."""
    trial = TRIALS[-1] if TRIALS else Trial()
    before = trial.stage
    trial.stage = before + say(zh=f"{zh}：", en=f"{en}: ")
    yield
    trial.stage = before  # not after an error: the verdict is still to be written


KEPT = 50  # calls remembered, the newest


SAMPLES = 3  # calls that the battery repeats, the first


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
    """A copy of every array in `value`; what is no data (a module, a generator) is passed on."""
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
    """Whether two leaves are equal to the last bit; NaN equals itself."""
    if not is_array(a):
        return True
    a, b = (x.detach().cpu() if is_tensor(x) else x for x in (a, b))
    if tuple(a.shape) != tuple(b.shape) or a.dtype != b.dtype:
        return False
    equal = a == b
    return bool((equal | ((a != a) & (b != b))).all())


def watched(function: Any, name: str, trial: Trial, like: Any, skip: Mapping[str, str]) -> Any:
    """`function` as `name`, checked by the annotations of `like`; a value is handed on as it is."""
    if inspect.isclass(function):
        return _watched_class(function, name, trial, like)
    if not inspect.isfunction(function):
        return function
    signature = inspect.signature(like) if inspect.isfunction(like) else inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        record = Call(name, *copied((args, kwargs)), function=call)
        trial.calls.append(record)
        del trial.calls[:-KEPT]
        _bind(function, args, kwargs)
        record.result = result = _typed(function, signature, args, kwargs)
        if "inputs" not in skip:
            _unchanged(signature, (args, kwargs), (record.args, record.kwargs))
        known = trial.samples.setdefault(name, [])
        if len(known) < SAMPLES and is_data((args, kwargs, result)):
            known.append(Call(name, record.args, record.kwargs, copied(result)))
        return result

    return call


def _watched_class(written: type, name: str, trial: Trial, like: Any) -> type:
    """A subclass of the learner's class, the same in all but this: it records its making, and each `forward`."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        made = Call(name, *copied((args, kwargs)))
        trial.calls.append(made)
        self.__dict__["_made"] = str(made)
        written.__init__(self, *args, **kwargs)

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        record = Call(self.__dict__["_made"], *copied((args, kwargs)))
        trial.calls.append(record)
        del trial.calls[:-KEPT]
        method = written.forward  # type: ignore[attr-defined]
        signature = inspect.signature(getattr(like, "forward", method))
        record.result = _typed(method, signature, (self, *args), kwargs)
        return record.result

    methods = {"__init__": __init__} | ({"forward": forward} if hasattr(written, "forward") else {})
    names = {"__module__": written.__module__, "__qualname__": written.__qualname__, "__doc__": written.__doc__}
    return type(written)(written.__name__, (written,), methods | names)


def _bind(function: Callable, args: tuple, kwargs: dict) -> None:
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        zh = f"参数不合：你的函数接受 `{_parameters(signature)}`（{error}）"
        en = f"the arguments do not fit: your function takes `{_parameters(signature)}` ({error})"
        raise Wrong(say(zh=zh, en=en)) from None


def _parameters(signature: inspect.Signature) -> str:
    return f"({', '.join(signature.parameters)})"


def _unchanged(signature: inspect.Signature, after: tuple, before: tuple) -> None:
    arguments = signature.bind(*after[0], **after[1]).arguments
    for (name, now), was in zip(
        arguments.items(), signature.bind(*before[0], **before[1]).arguments.values(), strict=True
    ):
        for x, y in zip(leaves(now), leaves(was), strict=False):
            if not same(x, y):
                why = say(zh=f"调用改动了传入的 `{name}`", en=f"the call changed its argument `{name}`")
                raise Wrong(why, expected=brief(was), shown=brief(now))


def _typed(function: Callable, signature: inspect.Signature, args: tuple, kwargs: dict) -> Any:
    """The result, held against the annotation of what is returned; arguments that don't fit theirs switch this off."""
    expected = signature.return_annotation
    if expected is signature.empty or isinstance(expected, str):
        return function(*args, **kwargs)
    try:
        arguments = signature.bind(*args, **kwargs).arguments
    except TypeError:
        return function(*args, **kwargs)
    with jaxtyped("context"):
        fits = all(_fits(value, signature.parameters[name].annotation) for name, value in arguments.items())
        result = function(*args, **kwargs)
        if not fits or _fits(result, expected):
            return result
    why = say(zh="返回值与注解不符", en="what came back does not fit the annotation")
    if result is None:
        why = say(zh="返回了 `None`：是不是少了 `return`？", en="it returned `None`: is a `return` missing?")
    shown = f"{getattr(expected, '__name__', expected)}{_bindings(signature, arguments)}"
    raise Wrong(why, expected=shown, shown=kind_of(result), got=result)


def _fits(value: Any, annotation: Any) -> bool:
    if annotation in (inspect.Parameter.empty, Any) or isinstance(annotation, str):
        return True
    try:
        return is_bearable(value, annotation)
    except BeartypeException:  # an annotation that beartype can't read binds nothing
        return True


def _bindings(signature: inspect.Signature, arguments: Mapping[str, Any]) -> str:
    """What the named axes of the arguments are in this call: " (nrays=9, dims=3)"."""
    sizes: dict[str, int] = {}
    for name, value in arguments.items():
        axes = getattr(signature.parameters[name].annotation, "dim_str", "").split()
        if is_array(value) and len(axes) == value.ndim:
            sizes |= {axis: n for axis, n in zip(axes, value.shape, strict=True) if axis.isidentifier()}
    return f" ({', '.join(f'{axis}={n}' for axis, n in sizes.items())})" if sizes else ""
