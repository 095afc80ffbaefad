"""How the mistakes of both drill lessons are registered: one slip, made in NumPy and in PyTorch alike."""

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch

from coach import mistake


def of(x: Any) -> Any:
    """The library that an array or a tensor is of."""
    return torch if isinstance(x, torch.Tensor) else np


def slipped(function: Callable, right: Callable) -> Callable:
    """`function` with the right answer as its first argument."""

    @functools.wraps(function)
    def wrong(*args: Any) -> Any:
        return function(right, *args)

    del wrong.__wrapped__  # type: ignore
    taken = list(inspect.signature(function).parameters.values())[1:]
    wrong.__signature__ = inspect.Signature(taken)  # type: ignore
    return wrong


def slips_in(solutions: ModuleType) -> Callable:
    """A decorator for the mistakes of a lesson.

    `@slip("one_hot", zh=…, en=…)` registers `def wrong(right, labels, n_classes)` for `np_one_hot` and `pt_one_hot`,
    with that exercise's solution as `right`; `only="np"` for one of them.
    """

    def slip(task: str, *, zh: str, en: str, only: str = "np pt") -> Callable:
        def register(function: Callable) -> Callable:
            for library in only.split():
                exercise = f"{library}_{task}"
                mistake(exercise, zh=zh, en=en)(slipped(function, getattr(solutions, exercise)))
            return function

        return register

    return slip
