# %% [markdown] lang="zh" order=1
# # 第 3 天 · 反向传播
#
# 待写。
# %% [markdown] lang="en" order=1
# # Day 3 · backpropagation
#
# To be written.
# %%
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from part3_backprop import figures, tests  # noqa: F401

Array = Float[np.ndarray, "..."] | np.floating  # NumPy makes a plain number of an array without axes
Number = int | float


def log_back(grad_out: Array, out: Array, x: Array) -> Array:
    """The slope at `x`, from the slope `grad_out` at `out = np.log(x)`."""
    # solution
    return grad_out / x


def unbroadcast(broadcasted: Array, original: Array | Number) -> Array:
    """`broadcasted` summed to the shape of `original`, which had been broadcast to its shape."""
    # solution
    shape = np.shape(original)
    if broadcasted.shape == shape:
        return broadcasted
    new = broadcasted.ndim - len(shape)
    stretched = tuple(new + axis for axis, size in enumerate(shape) if size == 1)
    return broadcasted.sum(axis=(*range(new), *stretched)).reshape(shape)


def multiply_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    """The slope at `x`, from the slope at `out = x * y`."""
    # solution
    return unbroadcast(grad_out * y, x)


def multiply_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    """The slope at `y`, from the slope at `out = x * y`."""
    # solution
    return unbroadcast(grad_out * x, y)


def forward_and_back(a: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
    """The slopes of the sum of `c * np.log(a * b)` at `a`, `b` and `c`."""
    # solution
    d = a * b
    e = np.log(d)
    out = c * e
    grad_out = np.ones_like(out)
    grad_d = log_back(multiply_back1(grad_out, out, c, e), e, d)
    grad_c = multiply_back0(grad_out, out, c, e)
    return multiply_back0(grad_d, d, a, b), multiply_back1(grad_d, d, a, b), grad_c


class BackwardFuncLookup:
    """The backward function of each NumPy function, for each of its arguments."""

    def __init__(self, rules: Mapping[tuple[Callable, int], Callable] | None = None) -> None:
        self.rules = dict(rules or {})

    def add_back_func(self, forward_fn: Callable, arg_position: int, back_fn: Callable) -> None:
        """From now on `back_fn` is the rule of `forward_fn` for this argument."""
        # solution
        self.rules[forward_fn, arg_position] = back_fn

    def get_back_func(self, forward_fn: Callable, arg_position: int) -> Callable:
        """The rule of `forward_fn` for this argument; KeyError, with the function's name, where there is none."""
        # solution
        back_fn = self.rules.get((forward_fn, arg_position))
        if back_fn is None:
            raise KeyError(f"no backward function for argument {arg_position} of {forward_fn.__name__}: add one")
        return back_fn


@dataclass(slots=True)
class Recipe:
    """How an array came about: `func(*args, **kwargs)`; `parents` are those arguments that want a gradient."""

    func: Callable
    args: tuple[Any, ...]  # arrays and numbers, no Tensors
    kwargs: dict[str, Any]
    parents: dict[int, "Tensor"]  # by their place among the arguments


class Tensor:
    """An array that may want a gradient, and knows how it came about."""

    __slots__ = ("array", "grad", "recipe", "requires_grad")
    __array_ufunc__ = None  # so that `array * tensor` asks the tensor, not NumPy
    tracking = True  # while it is False, no recipes are written

    def __init__(self, array: Any, requires_grad: bool = False) -> None:
        self.array: np.ndarray = array if type(array) is np.ndarray else np.asarray(array)
        self.requires_grad = requires_grad
        self.grad: Tensor | None = None
        self.recipe: Recipe | None = None

    def __repr__(self) -> str:
        return f"Tensor({self.array}{', requires_grad=True' * self.requires_grad})"

    def __len__(self) -> int:
        return len(self.array)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def T(self) -> "Tensor":
        return permute(self, tuple(range(self.array.ndim))[::-1])

    def item(self) -> float:
        return self.array.item()

    def backward(self, end_grad: "Tensor | None" = None) -> None:
        backprop(self, end_grad)

    def __neg__(self) -> "Tensor":
        return negative(self)

    def __add__(self, other: "Operand") -> "Tensor":
        return add(self, other)

    def __radd__(self, other: "Operand") -> "Tensor":
        return add(other, self)

    def __sub__(self, other: "Operand") -> "Tensor":
        return subtract(self, other)

    def __rsub__(self, other: "Operand") -> "Tensor":
        return subtract(other, self)

    def __mul__(self, other: "Operand") -> "Tensor":
        return multiply(self, other)

    def __rmul__(self, other: "Operand") -> "Tensor":
        return multiply(other, self)

    def __truediv__(self, other: "Operand") -> "Tensor":
        return true_divide(self, other)

    def __rtruediv__(self, other: "Operand") -> "Tensor":
        return true_divide(other, self)

    def __matmul__(self, other: "Tensor") -> "Tensor":
        return (matmul2d if self.array.ndim == other.array.ndim == 2 else matmul)(self, other)

    def __getitem__(self, index: Any) -> "Tensor":
        return getitem(self, index)

    def log(self) -> "Tensor":
        return log(self)

    def exp(self) -> "Tensor":
        return exp(self)

    def reshape(self, *shape: int) -> "Tensor":
        return reshape(self, shape)

    def permute(self, *axes: int) -> "Tensor":
        return permute(self, axes)

    def sum(self, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> "Tensor":
        return sum_(self, dim, keepdim)

    def mean(self, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> "Tensor":
        total = self.sum(dim, keepdim)
        return total * (total.array.size / max(self.array.size, 1))

    def maximum(self, other: "Operand") -> "Tensor":
        return maximum(self, other)

    def relu(self) -> "Tensor":
        return relu(self)


Operand = Tensor | np.ndarray | Number


def log_forward(x: Tensor) -> Tensor:
    """The logarithm of `x`, with its recipe if `x` wants a gradient."""
    # solution
    out = Tensor(np.log(x.array))
    if Tensor.tracking and x.requires_grad:
        out.requires_grad = True
        out.recipe = Recipe(np.log, (x.array,), {}, {0: x})
    return out


def multiply_forward(x: Operand, y: Operand) -> Tensor:
    """`x * y`, with its recipe if a factor wants a gradient; at least one of them is a Tensor."""
    # solution
    factors = (x, y)
    args = tuple(f.array if isinstance(f, Tensor) else f for f in factors)
    out = Tensor(np.multiply(*args))
    parents = {i: f for i, f in enumerate(factors) if isinstance(f, Tensor) and f.requires_grad}
    if Tensor.tracking and parents:
        out.requires_grad = True
        out.recipe = Recipe(np.multiply, args, {}, parents)
    return out


def wrap_forward_fn(numpy_func: Callable) -> Callable[..., Tensor]:
    """`numpy_func` for Tensors: the same result as a Tensor, with its recipe if an argument wants a gradient."""

    def forward(*args: Any, **kwargs: Any) -> Tensor:
        # solution
        arrays, parents = [], {}
        for i, arg in enumerate(args):
            if isinstance(arg, Tensor):
                arrays.append(arg.array)
                if arg.requires_grad:
                    parents[i] = arg
            else:
                arrays.append(arg)
        out = Tensor(numpy_func(*arrays, **kwargs))
        if parents and Tensor.tracking:
            out.requires_grad = True
            out.recipe = Recipe(numpy_func, tuple(arrays), kwargs, parents)
        return out

    return forward


def array_sum(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Array:
    """`x.sum` with torch's names."""
    return x.sum(axis=dim, keepdims=keepdim)


def array_getitem(x: Array, index: Any) -> Array:
    """`x[index]` as a function."""
    return x[index]


log, exp, negative = wrap_forward_fn(np.log), wrap_forward_fn(np.exp), wrap_forward_fn(np.negative)
add, subtract = wrap_forward_fn(np.add), wrap_forward_fn(np.subtract)
multiply, true_divide = wrap_forward_fn(np.multiply), wrap_forward_fn(np.true_divide)
maximum = wrap_forward_fn(np.maximum)
reshape, permute = wrap_forward_fn(np.reshape), wrap_forward_fn(np.transpose)
sum_, getitem = wrap_forward_fn(array_sum), wrap_forward_fn(array_getitem)
matmul2d, matmul = wrap_forward_fn(np.dot), wrap_forward_fn(np.matmul)


def topological_sort(node: Hashable, get_children: Callable[[Any], Iterable]) -> list:
    """`node` and all that it reaches, each once and after all of its children; ValueError where there is a cycle."""
    # solution
    order, finished = [], {}  # False while a node waits for its children
    stack = [node]
    while stack:
        current = stack[-1]
        if current in finished:
            stack.pop()
            if not finished[current]:
                finished[current] = True
                order.append(current)
            continue
        finished[current] = False
        for child in get_children(current):
            if not finished.get(child, True):
                raise ValueError(f"topological_sort: a cycle leads from {child!r} back to it")
            if child not in finished:
                stack.append(child)
    return order


def sorted_computational_graph(tensor: Tensor) -> list[Tensor]:
    """`tensor` and all that it was computed from and that wants a gradient, each before its parents."""
    # solution
    return topological_sort(tensor, lambda t: t.recipe.parents.values() if t.recipe else ())[::-1]


def backprop(end_node: Tensor, end_grad: Tensor | None = None) -> None:
    """Adds to the `grad` of each leaf that wants one the slope of `end_node` there, weighted by `end_grad` (ones)."""
    # solution
    start = np.ones_like(end_node.array) if end_grad is None else end_grad.array
    grads = {end_node: start}
    for node in sorted_computational_graph(end_node):
        grad, recipe = grads.pop(node), node.recipe
        if recipe is None:
            if node.requires_grad:
                grad = grad.astype(node.array.dtype)  # a copy: rules may hand on one array to several nodes
                node.grad = Tensor(grad if node.grad is None else node.grad.array + grad)
            continue
        for i, parent in recipe.parents.items():
            back_fn = BACK_FUNCS.get_back_func(recipe.func, i)
            slope = back_fn(grad, node.array, *recipe.args, **recipe.kwargs)
            grads[parent] = grads[parent] + slope if parent in grads else slope


def negative_back(grad_out: Array, out: Array, x: Array) -> Array:
    """The slope at `x`, from the slope at `out = -x`."""
    return -grad_out


def exp_back(grad_out: Array, out: Array, x: Array) -> Array:
    """The slope at `x`, from the slope at `out = np.exp(x)`."""
    # solution
    return grad_out * out


def reshape_back(grad_out: Array, out: Array, x: Array, shape: tuple[int, ...]) -> Array:
    """The slope at `x`, from the slope at `out = x.reshape(shape)`."""
    # solution
    return grad_out.reshape(x.shape)


def permute_back(grad_out: Array, out: Array, x: Array, axes: tuple[int, ...]) -> Array:
    """The slope at `x`, from the slope at `out = np.transpose(x, axes)`."""
    # solution
    return grad_out.transpose(np.argsort([axis % x.ndim for axis in axes]))


def sum_back(
    grad_out: Array, out: Array, x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False
) -> Array:
    """The slope at `x`, from the slope at `out = x.sum(axis=dim, keepdims=keepdim)`."""
    # solution
    if dim is not None and not keepdim:
        grad_out = np.expand_dims(grad_out, dim)
    grad_x = np.empty_like(x)
    grad_x[...] = grad_out
    return grad_x


def getitem_back(grad_out: Array, out: Array, x: Array, index: Any) -> Array:
    """The slope at `x`, from the slope at `out = x[index]`."""
    # solution
    grad_x = np.zeros_like(x)
    np.add.at(grad_x, index, grad_out)
    return grad_x


def add_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    return unbroadcast(grad_out, x)


def add_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    return unbroadcast(grad_out, y)


def subtract_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    return unbroadcast(-grad_out, y)


def true_divide_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    return unbroadcast(grad_out / y, x)


def true_divide_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    """The slope at `y`, from the slope at `out = x / y`."""
    # solution
    return unbroadcast(-grad_out * out / y, y)


def maximum_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    """The slope at `x`, from the slope at `out = np.maximum(x, y)`; equals share it by halves."""
    # solution
    share = (x > y).astype(grad_out.dtype)
    share[x == y] = 0.5
    return unbroadcast(grad_out * share, x)


def maximum_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    return maximum_back0(grad_out, out, y, x)


def relu(x: Tensor) -> Tensor:
    """`x` where it is positive, else 0."""
    # solution
    return maximum(x, 0.0)


def matmul2d_back0(
    grad_out: Float[np.ndarray, "n m"],
    out: Float[np.ndarray, "n m"],
    x: Float[np.ndarray, "n k"],
    y: Float[np.ndarray, "k m"],
) -> Float[np.ndarray, "n k"]:
    """The slope at `x`, from the slope at `out = x @ y`."""
    # solution
    return grad_out @ y.T


def matmul2d_back1(
    grad_out: Float[np.ndarray, "n m"],
    out: Float[np.ndarray, "n m"],
    x: Float[np.ndarray, "n k"],
    y: Float[np.ndarray, "k m"],
) -> Float[np.ndarray, "k m"]:
    """The slope at `y`, from the slope at `out = x @ y`."""
    # solution
    return x.T @ grad_out


def matmul_back0(
    grad_out: Float[np.ndarray, "*batch n m"],
    out: Float[np.ndarray, "*batch n m"],
    x: Float[np.ndarray, "*batch_x n k"],
    y: Float[np.ndarray, "*batch_y k m"],
) -> Float[np.ndarray, "*batch_x n k"]:
    """The slope at `x`, from the slope at `out = x @ y`, whose axes before the last two are broadcast."""
    # solution
    return unbroadcast(grad_out @ y.swapaxes(-1, -2), x)


def matmul_back1(grad_out: Array, out: Array, x: Array, y: Array) -> Array:
    grad_out, out, x, y = (a.swapaxes(-1, -2) for a in (grad_out, out, x, y))
    return matmul_back0(grad_out, out, y, x).swapaxes(-1, -2)


BACK_FUNCS = BackwardFuncLookup(
    {
        (np.log, 0): log_back,
        (np.exp, 0): exp_back,
        (np.negative, 0): negative_back,
        (np.add, 0): add_back0,
        (np.add, 1): add_back1,
        (np.subtract, 0): add_back0,
        (np.subtract, 1): subtract_back1,
        (np.multiply, 0): multiply_back0,
        (np.multiply, 1): multiply_back1,
        (np.true_divide, 0): true_divide_back0,
        (np.true_divide, 1): true_divide_back1,
        (np.maximum, 0): maximum_back0,
        (np.maximum, 1): maximum_back1,
        (np.reshape, 0): reshape_back,
        (np.transpose, 0): permute_back,
        (array_sum, 0): sum_back,
        (array_getitem, 0): getitem_back,
        (np.dot, 0): matmul2d_back0,
        (np.dot, 1): matmul2d_back1,
        (np.matmul, 0): matmul_back0,
        (np.matmul, 1): matmul_back1,
    }
)


def add_(x: Tensor, other: Operand, alpha: Number = 1) -> Tensor:
    """`x` itself, its array raised by `alpha * other` in place; RuntimeError where a gradient of `x` is wanted."""
    # solution
    if Tensor.tracking and x.requires_grad:
        raise RuntimeError(
            "add_: x wants a gradient, and its value may be saved in a recipe: set Tensor.tracking = False"
        )
    x.array += alpha * (other.array if isinstance(other, Tensor) else other)
    return x
