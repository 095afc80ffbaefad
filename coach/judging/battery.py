"""What must hold of every function of data, tried on the first calls that a test made."""

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from coach.judging.compare import Wrong, brief, close, is_array, is_tensor
from coach.judging.trial import Call, Trial, copied, leaves, tree_map
from coach.words import say


def battery(trial: Trial, functions: Mapping[str, Any], skip: Mapping[str, str], gradients: tuple[str, ...]) -> None:
    """What must hold of every function of data, tried on the first calls that the test made; raises `Wrong`.

    "repeat": a second call gives the same. "strided": a non-contiguous input gives the same.
    "float64": float64 goes in, float64 comes out, and the values agree. `gradients`: they reach these arguments.
    """

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
