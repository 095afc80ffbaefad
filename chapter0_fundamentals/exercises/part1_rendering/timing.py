"""How long a function takes, and whether this machine can compile it."""

import statistics
import sys
import timeit
from collections.abc import Callable

import torch
from torch import Tensor


def seconds(function: Callable[..., object], *args: object, repeats: int = 3) -> float:
    """The median time that `function(*args)` takes, after one call to warm up."""
    return statistics.median(timeit.repeat(lambda: function(*args), number=1, repeat=repeats + 1)[1:])


def compiled(function: Callable[..., Tensor], *example: Tensor) -> Callable[..., Tensor] | None:
    """`function` compiled and tried on `example`; None, with the reason printed, where this machine can't."""
    if "debugpy" in sys.modules:  # it would follow the compiler's own processes, which wait for each other for minutes
        print("torch.compile: skipped under the debugger")
        return None
    try:
        fast = torch.compile(function)
        fast(*example)
    except Exception as error:  # no C++ compiler, most often: the lesson goes on
        reason = str(error).partition("\n")[0]
        print(f"torch.compile: skipped on this machine, {type(error).__name__}: {reason}")
        return None
    return fast
