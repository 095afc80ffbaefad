"""What must hold of every function of data, tried on the first calls that a test made."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from coach.judging.compare import OBSERVERS, Wrong, close, is_array, is_tensor, number
from coach.judging.trial import Call, Trial, copied, leaves, signature_of, tree_map
from coach.words import say

PARTS = ("repeat", "strided", "float64")
DIRECTIONS = 2  # in which each gradient is held against a difference quotient


def battery(
    trial: Trial,
    functions: Mapping[str, Any],
    skip: Mapping[str, str],
    gradients: tuple[str, ...] = (),
    same: Callable[[Any, Any], None] = close,
    like: Mapping[str, Any] | None = None,
) -> None:
    """Raises `Wrong` for what does not hold.

    "repeat": a second call gives the same. "strided": a non-contiguous input gives the same.
    "float64": float64 goes in, float64 comes out, and the values agree. `gradients`: with respect to these arguments
    they are those of a difference quotient. `same(got, expected)` compares, where several results are right.
    """
    stages = {
        "repeat": say(zh="第二次调用：", en="called again: "),
        "strided": say(zh="输入不连续时：", en="on a non-contiguous input: "),
        "float64": say(zh="输入为 float64 时：", en="on float64: "),
    }
    for name, samples in list(trial.samples.items()):
        for sample in list(samples):
            for part, args, kwargs in again(sample, skip):
                trial.stage = stages[part]
                expected = tree_map(_double, sample.result) if part == "float64" else sample.result
                _compare(same, functions[name](*args, **kwargs), expected, part)
    trial.stage = say(zh="求梯度时：", en="taking gradients: ")
    for name in functions if gradients else ():
        signature = signature_of((like or functions)[name]) or inspect.Signature()
        for sample in trial.samples.get(name, [])[:1]:
            check_gradients(functions[name], sample, signature, gradients, exact="float64" not in skip)
    trial.stage = ""


def again(sample: Call, skip: Mapping[str, str]) -> Iterator[tuple[str, tuple, dict[str, Any]]]:
    """The calls that the battery adds to one that the test made: which part, and its arguments."""
    changes = {"repeat": lambda x: x, "strided": _strided, "float64": _double}
    for part, change in changes.items():
        args, kwargs = tree_map(change, copied((sample.args, sample.kwargs)))
        before, after = leaves((sample.args, sample.kwargs)), leaves((args, kwargs))
        moved = any(_kind(x) != _kind(y) for x, y in zip(before, after, strict=True))
        if part not in skip and (part == "repeat" or moved):
            yield part, args, kwargs


def _kind(value: Any) -> tuple:
    """What `strided` and `float64` change of an array."""
    if not is_array(value):
        return ()
    strides = value.stride() if is_tensor(value) else value.strides
    return str(value.dtype), tuple(strides)


def _compare(same: Callable, got: Any, expected: Any, part: str) -> None:
    if same is not close:
        same(got, expected)
        return
    loose = {"rtol": 1e-3, "atol": 1e-4} if part == "float64" else {}
    close(got, expected, equal_nan=True, **loose)


def _strided(value: Any) -> Any:
    """The same values in memory with gaps between them, and column by column: no view has them in one row."""
    if not is_array(value) or value.ndim == 0:
        return value
    stack, swap = (sys.modules["torch"].stack, _swapped) if is_tensor(value) else (np.stack, np.swapaxes)
    turned = swap(value, 0, -1)
    return swap(stack([turned, turned], -1)[..., 0], 0, -1)


def _swapped(value: Any, a: int, b: int) -> Any:
    return value.transpose(a, b)


def _double(value: Any) -> Any:
    if is_tensor(value):
        torch = sys.modules["torch"]
        return value.double() if value.dtype == torch.float32 else value
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value


def check_gradients(
    function: Callable, sample: Call, signature: inspect.Signature, names: tuple[str, ...], *, exact: bool
) -> None:
    """Raises `Wrong` unless the gradients of a random weighting of the result are what a small step makes of it.

    In float64 if `exact`, else in float32 with larger steps and tolerance.
    """
    torch = sys.modules["torch"]
    change = _double if exact else (lambda x: x)
    bound = signature.bind(*tree_map(change, copied(sample.args)), **tree_map(change, copied(sample.kwargs)))
    inputs = {name: bound.arguments[name].clone().requires_grad_() for name in names}

    def weighted(values: Mapping[str, Any]) -> Any:
        bound.arguments |= {name: value.clone() if not value.requires_grad else value for name, value in values.items()}
        result = function(*bound.args, **bound.kwargs)
        weights = torch.linspace(0.5, 1.5, result.numel(), dtype=result.dtype).reshape(result.shape)
        return (result * weights).sum()

    total = weighted(inputs)
    if OBSERVERS:
        _observe(torch, total, inputs)
        return
    if not total.requires_grad:
        raise Wrong(say(zh="结果不再与输入相连，没有梯度", en="the result is cut off from its inputs: no gradient"))
    total.backward()
    for name, value in inputs.items():
        if value.grad is None:
            why = say(
                zh=f"没有梯度到达 `{name}`：它的 `.grad` 是 None",
                en=f"no gradient reaches `{name}`: its `.grad` is None",
            )
            raise Wrong(why)
        _check_directions(torch, weighted, inputs, name, exact)


def _observe(torch: Any, total: Any, inputs: Mapping[str, Any]) -> None:
    if total.requires_grad:
        total.backward()
    OBSERVERS[-1]("gradients", [value.grad for value in inputs.values()])


def _check_directions(torch: Any, weighted: Callable, inputs: Mapping[str, Any], name: str, exact: bool) -> None:
    step, loose = (1e-6, 1e-4) if exact else (1e-2, 3e-2)
    here = {key: value.detach() for key, value in inputs.items()}
    generator = torch.Generator().manual_seed(0)
    for _ in range(DIRECTIONS):
        way = torch.randn(here[name].shape, generator=generator, dtype=torch.float64).to(here[name].dtype)
        ends = [float(weighted(here | {name: here[name] + sign * step * way}).detach()) for sign in (1, -1)]
        slope, told = (ends[0] - ends[1]) / (2 * step), float((inputs[name].grad * way).sum())
        if not abs(slope - told) <= loose * (1 + abs(slope)):
            why = say(
                zh=f"对 `{name}` 的梯度不对：沿一个随机方向，差商是 {number(slope)}，反向传播得到 {number(told)}",
                en=f"the gradient with respect to `{name}` is wrong: along a random direction the difference quotient "
                f"is {number(slope)}, backward gives {number(told)}",
            )
            raise Wrong(why)
