"""What the tests of both drill lessons share: agreement with a slow loop, and an answer without loops, in one library."""

import ast
import contextlib
import functools
import inspect
import linecache
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from coach import case, close, holds
from coach.judging.reading import is_the_learners
from coach.judging.trial import copied, same

# Loops, and what hides one

LOOPS = {
    ast.For: "for",
    ast.While: "while",
    ast.ListComp: "[… for …]",
    ast.SetComp: "{… for …}",
    ast.DictComp: "{…: … for …}",
    ast.GeneratorExp: "(… for …)",
}
BUILTINS = {"map", "filter"}
TOOLS = {"reduce", "accumulate", "starmap"}  # of functools and itertools
METHODS = {"vectorize", "apply_along_axis", "apply_over_axes", "frompyfunc", "fromiter", "nditer"}
METHODS |= {"ndenumerate", "ndindex", "apply_", "map_"}
DETOURS = {"numpy", "tolist", "from_numpy", "__array__"}


def tree_of(function: types.FunctionType) -> ast.AST | None:
    """Where `function` stands in the syntax tree of its file or cell; None where there is no source."""
    code = function.__code__
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename, function.__globals__)))
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if first == code.co_firstlineno and getattr(node, "name", "<lambda>") == code.co_name:
                return node
    return None


def python_of(function: Any) -> types.FunctionType | None:
    """The function in Python behind a partial or a decorated one; None for one written in C."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    return function if isinstance(function, types.FunctionType) else None


def parts(function: Any) -> Iterator[tuple[ast.AST, types.FunctionType]]:
    """The syntax of a learner's function, and of the functions in the same file that it calls; each with its function."""
    first = python_of(function)
    todo, seen = [first] if first and is_the_learners(first.__code__.co_filename) else [], set()
    while todo:
        one = todo.pop()
        if one in seen or not (tree := tree_of(one)):
            continue
        seen.add(one)
        body = getattr(tree, "body", [])
        for statement in body if isinstance(body, list) else [body]:
            for node in ast.walk(statement):
                yield node, one
                other = meant(node, one)
                if isinstance(other, types.FunctionType) and other.__code__.co_filename == one.__code__.co_filename:
                    todo.append(other)


def own_names(code: types.CodeType) -> set[str]:
    """The names that are a function's own, and those of the functions within it."""
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return {*code.co_varnames, *code.co_cellvars, *code.co_freevars}.union(*map(own_names, inner))


def meant(node: ast.AST, function: types.FunctionType) -> Any:
    """The function, class or module of its file that `node` names in `function`; None for anything else."""
    if not isinstance(node, ast.Name) or node.id in own_names(function.__code__):
        return None
    value = function.__globals__.get(node.id)
    return value if callable(value) or isinstance(value, types.ModuleType) else None


def looping(node: ast.AST, function: types.FunctionType) -> str:
    """What of a loop `node` is, "" if it is none."""
    if type(node) in LOOPS:
        return LOOPS[type(node)]
    if isinstance(node, ast.Name):
        value = meant(node, function)
        hidden = node.id in BUILTINS - own_names(function.__code__) and value is None
        tool = node.id in TOOLS and getattr(value, "__module__", "") in ("_functools", "functools", "itertools")
        return node.id if hidden or tool or value is function else ""
    if isinstance(node, ast.Attribute):
        inside = isinstance(node.value, ast.Name) and node.value.id in ("functools", "itertools")
        return node.attr if node.attr in METHODS or (inside and node.attr in TOOLS) else ""
    if isinstance(node, ast.ImportFrom) and node.module in ("functools", "itertools"):
        return next((alias.name for alias in node.names if alias.name in TOOLS), "")
    if isinstance(node, ast.FunctionDef):
        calls = [n.id for part in node.body for n in ast.walk(part) if isinstance(n, ast.Name)]
        return node.name if node.name in calls else ""
    return ""


def foreign(node: ast.AST, function: types.FunctionType, other: str) -> str:
    """What `node` takes from the library `other`, "" if nothing."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [getattr(node, "module", "") or "", *(alias.name for alias in node.names)]
        return other if any(name.split(".")[0] == other for name in names) else ""
    if isinstance(node, ast.Attribute) and other == "numpy" and node.attr in DETOURS:
        return f".{node.attr}"
    value = meant(node, function)
    home = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    home = type(value).__module__ if isinstance(value, np.ufunc) else home
    return node.id if isinstance(node, ast.Name) and isinstance(home, str) and home.split(".")[0] == other else ""


def vectorised(function: Any, other: str) -> None:
    """Raises `Wrong` if the learner's function has a loop, or takes anything from the library `other`."""
    nodes = list(parts(function))
    loops = [found for found in (looping(*one) for one in nodes) if found]
    zh = f"值对了，但这里不许循环，而代码里有 `{loops[0] if loops else ''}`"
    en = f"the values are right, but no loops are allowed, and there is `{loops[0] if loops else ''}`"
    holds(not loops, zh=zh, en=en)
    found = [name for name in (foreign(node, one, other) for node, one in nodes) if name]
    name = found[0] if found else ""
    mine = "PyTorch" if other == "numpy" else "NumPy"
    zh = f"值对了，但这里只用 {mine}，而代码里有 `{name}`"
    holds(not found, zh=zh, en=f"the values are right, but here you use {mine} only, and there is `{name}`")


# Agreement


def listed(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def tensors(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(map(tensors, value))
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def integers(got: Any, expected: Any) -> Any:
    """`got` with any integer dtype made int64, where whole numbers are expected."""
    if isinstance(expected, tuple) and isinstance(got, tuple | list):
        pairs = zip(got, expected, strict=False)
        return tuple(integers(g, e) for g, e in pairs) if len(got) == len(expected) else got
    if isinstance(got, np.ndarray) and isinstance(expected, np.ndarray) and expected.dtype.kind == "i":
        return got.astype(np.int64) if got.dtype.kind in "iu" else got
    if isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor) and expected.dtype == torch.int64:
        whole = not (got.is_floating_point() or got.is_complex() or got.dtype == torch.bool)
        return got.to(torch.int64) if whole else got
    return got


def turned(args: tuple, axes: int | None = None) -> tuple:
    """Other values of the same shapes: every array reversed, along all its axes or along these."""
    return tuple(np.flip(x, axes).copy() if isinstance(x, np.ndarray) else x for x in args)


def independent(function: Callable, args: tuple, others: tuple, check: Callable[[Any], None]) -> None:
    """Raises `Wrong` if one of two calls in turn leaves something in the other; `check` judges the second result."""
    with case(zh="接着再调用一次，形状不变，换一组数", en="called once more, with other values of the same shapes"):
        first = function(*args)
        kept = copied(first)
        check(function(*others))
        zh, en = "前一次的结果跟着变了：每次都要返回新的", "the result of the call before has changed: return a new one"
        holds(same(first, kept), zh=zh, en=en)


@dataclass(frozen=True)
class Case:
    """The arguments of one call; a name in both languages, where it is an edge of the rule."""

    args: tuple
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Drill:
    """A task: its loop, the kind of its result ("float", "int", "bool", "number", or two of them), and its cases.

    `axes`: along which its arrays may be reversed, if not along all.
    """

    loop: Callable
    kind: str
    cases: Callable[[], list[Case]]
    axes: int | None = None

    def expected(self, args: tuple) -> Any:
        """What the loop makes of these arguments, as NumPy arrays."""
        floats = [x.dtype for x in args if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
        dtypes = {"float": (floats or [np.dtype(np.float32)])[0], "int": np.dtype(np.int64), "bool": np.dtype(bool)}
        result, kinds = self.loop(*map(listed, args)), self.kind.split()
        if kinds == ["number"]:
            return float(result)
        made = [np.array(r, dtypes[k]) for r, k in zip(result if len(kinds) > 1 else [result], kinds, strict=True)]
        return tuple(made) if len(kinds) > 1 else made[0]

    def in_numpy(self, function: Callable) -> None:
        self._judge(function, lambda value: value)
        vectorised(function, "torch")

    def in_torch(self, function: Callable) -> None:
        self._judge(function, tensors)
        vectorised(function, "numpy")

    def _judge(self, function: Callable, into: Callable) -> None:
        cases = self.cases()
        for one in cases:
            expected = into(self.expected(one.args))
            with case(zh=one.zh, en=one.en) if one.zh else contextlib.nullcontext():
                got = function(*into(copied(one.args)))
                close(integers(got, expected), expected)
        args, others = cases[0].args, turned(cases[0].args, self.axes)
        if any(isinstance(x, np.ndarray) for x in args):
            expected = into(self.expected(others))
            independent(function, into(args), into(others), lambda got: close(integers(got, expected), expected))


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers of both signs, no two alike."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def whole(below: int, *shape: int, seed: int = 0) -> np.ndarray:
    """Whole numbers from 0 on, below a bound."""
    return np.random.default_rng(seed).integers(below, size=shape, dtype=np.int64)


def flags(*shape: int, share: float = 0.5, seed: int = 0) -> np.ndarray:
    """Booleans, this share of them true."""
    return np.random.default_rng(seed).random(shape) < share
