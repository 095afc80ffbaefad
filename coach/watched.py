"""The learner's function as a test sees it: its calls recorded, its annotations checked, its inputs guarded."""

import copy
import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from beartype.door import is_bearable
from beartype.roar import BeartypeException
from jaxtyping import jaxtyped

from coach.compare import Call, Trial, Wrong, brief, is_array, is_tensor, kind_of
from coach.words import say

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


def battery(trial: Trial, functions: Mapping[str, Any], skip: Mapping[str, str], gradients: tuple[str, ...]) -> None:
    """What must hold of every function of data, tried on the first calls that the test made; raises `Wrong`.

    "repeat": a second call gives the same. "strided": a non-contiguous input gives the same.
    "float64": float64 goes in, float64 comes out, and the values agree. `gradients`: they reach these arguments.
    """
    from coach.compare import close

    parts = {
        "repeat": (lambda x: x, say(zh="第二次调用：", en="called again: ")),
        "strided": (_strided, say(zh="输入不连续时：", en="on a non-contiguous input: ")),
        "float64": (_double, say(zh="输入为 float64 时：", en="on float64: ")),
    }
    for name, samples in list(trial.samples.items()):
        for sample in list(samples):
            for part, (change, stage) in parts.items():
                args, kwargs = tree_map(change, copied((sample.args, sample.kwargs)))
                moved = any(
                    x is not y
                    for x, y in zip(leaves((args, kwargs)), leaves((sample.args, sample.kwargs)), strict=True)
                )
                if part in skip or (part != "repeat" and not moved):
                    continue
                trial.stage = stage
                expected = tree_map(_double, sample.result) if part == "float64" else sample.result
                loose = {"rtol": 1e-3, "atol": 1e-4} if part == "float64" else {}
                close(functions[name](*args, **kwargs), expected, equal_nan=True, **loose)
    trial.stage = say(zh="求梯度时：", en="taking gradients: ")
    for name in functions if gradients else ():
        _gradients_reach(trial.samples[name][0], functions[name], gradients)
    trial.stage = ""


def _strided(value: Any) -> Any:
    """The same values with gaps between them in memory."""
    if not is_array(value) or value.ndim == 0:
        return value
    stack = sys.modules["torch"].stack if is_tensor(value) else np.stack
    return stack([value, value], -1)[..., 0]


def _double(value: Any) -> Any:
    if is_tensor(value):
        torch = sys.modules["torch"]
        return value.double() if value.dtype == torch.float32 else value
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value


def _gradients_reach(sample: Call, function: Callable, names: tuple[str, ...]) -> None:
    torch = sys.modules["torch"]
    bound = inspect.signature(function).bind(*copied(sample.args), **copied(sample.kwargs))
    inputs = {name: bound.arguments[name].clone().requires_grad_() for name in names}
    bound.arguments |= inputs
    result = function(*bound.args, **bound.kwargs)
    if not result.requires_grad:
        raise Wrong(say(zh="结果不再与输入相连，没有梯度", en="the result is cut off from its inputs: no gradient"))
    weights = torch.linspace(0.5, 1.5, result.numel(), dtype=result.dtype).reshape(result.shape)
    (result * weights).sum().backward()  # `result.backward(weights)` would first import torch.fx, for seconds
    for name, value in inputs.items():
        if value.grad is None or not bool(torch.isfinite(value.grad).all()) or not bool(value.grad.any()):
            why = say(zh=f"没有有限的梯度到达 `{name}`", en=f"no finite gradient reaches `{name}`")
            raise Wrong(why, shown=brief(value.grad))
