"""What a function calls meanwhile: torch's and NumPy's functions, by name; and what it should do without."""

import contextlib
import dis
import functools
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest import mock

import numpy as np

from coach.judging.compare import Wrong, holds
from coach.words import say

INSIDE_NUMPY = (np, np.linalg, np.lib.stride_tricks)


MATRIX_PRODUCT = "@"  # as `dis` writes the operator


@contextlib.contextmanager
def calls() -> Iterator[set[str]]:
    """The names of the functions of torch and NumPy that are called meanwhile.

    A name stands without its module and without underscores around it: `torch.linalg.det`, `Tensor.det` and
    `np.linalg.det` are all "det"; the operator `@` is "matmul".
    """
    from torch.overrides import TorchFunctionMode

    found: set[str] = set()

    class Recorder(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            found.add(plain_name(function))
            return function(*args, **(kwargs or {}))

    with Recorder(), _numpy_recorded(found):
        yield found


def plain_name(function: Any) -> str:
    """`det` for `linalg_det`, `matmul` for `__rmatmul__`, `T` for the getter of `Tensor.T`."""
    name = getattr(function, "__name__", "")
    if name in ("__get__", "__set__"):
        name = getattr(getattr(function, "__self__", None), "__name__", name)
    name = name.strip("_").removeprefix("linalg_").removeprefix("special_")
    return "matmul" if name in ("rmatmul", "imatmul") else name


@contextlib.contextmanager
def _numpy_recorded(found: set[str]) -> Iterator[None]:
    """NumPy's functions as they are looked up in its modules, each noted when it is called."""

    def noted(function: Callable, name: str) -> Callable:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            found.add(name)
            return function(*args, **kwargs)

        return call

    with contextlib.ExitStack() as stack:
        for module in INSIDE_NUMPY:
            functions = {
                name: noted(value, name)
                for name, value in vars(module).items()
                if not name.startswith("_") and callable(value) and not isinstance(value, type | np.ufunc)
            }
            functions |= {"matmul": noted(np.matmul, "matmul")} if module is np else {}
            stack.enter_context(mock.patch.multiple(module, **functions))  # type: ignore
        yield


def without(forbidden: Iterable[str], function: Callable, *args: Any, **kwargs: Any) -> Any:
    """What `function(*args, **kwargs)` returns; raises `Wrong` if it calls one of the `forbidden`: see `calls`."""
    with calls() as used:
        got = function(*args, **kwargs)
    if MATRIX_PRODUCT in _operators(function):
        used.add("matmul")
    if names := sorted(used & set(forbidden)):
        told = ", ".join(f"`{name}`" for name in names)
        raise Wrong(say(zh=f"调用了 {told}：这里要自己写", en=f"it calls {told}: here you write that yourself"))
    return got


def calling(wanted: str, function: Callable, *args: Any, **kwargs: Any) -> Any:
    """What `function(*args, **kwargs)` returns; raises `Wrong` unless it calls `wanted`, which the exercise is about."""
    with calls() as used:
        got = function(*args, **kwargs)
    zh, en = f"没有调用 `{wanted}`：这里要练的正是它", f"it does not call `{wanted}`, which this exercise is about"
    holds(wanted in used, zh=zh, en=en)
    return got


def _operators(function: Any) -> set[str]:
    """The operators that stand in the code of `function`, and of the functions inside it."""
    code = getattr(function, "__wrapped__", function)
    todo, found = [getattr(code, "__code__", None)], set()
    while todo:
        if isinstance(inner := todo.pop(), types.CodeType):
            found |= {i.argrepr.rstrip("=") for i in dis.get_instructions(inner) if i.opname == "BINARY_OP"}
            todo += inner.co_consts
    return found


def shares_memory(got: Any, x: Any, name: str = "x") -> None:
    """Raises `Wrong` unless the tensor `got` lies in the memory of the tensor `x`, called `name`."""
    first, size = x.untyped_storage().data_ptr(), x.untyped_storage().nbytes()
    holds(
        first <= got.untyped_storage().data_ptr() < first + max(size, 1),
        zh=f"值是对的，但这是拷贝，不是视图：结果没有与 `{name}` 共用内存",
        en=f"the values are right, but this is a copy and no view: its memory is not that of `{name}`",
    )
