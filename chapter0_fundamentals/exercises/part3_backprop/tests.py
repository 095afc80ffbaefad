"""One test per exercise of day 3's first lesson; each is called from its cell, and collected by pytest.

Rules are held against torch.autograd, in float64 against central differences, with random upstream slopes. Tensor, Recipe and BACK_FUNCS are those of the file
that the learner's function stands in.
"""

import contextlib
import functools
import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from coach import case, close, holds, judged, raises, say
from coach.judging.compare import Wrong

LOOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}


def noise(*shape: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    """Random numbers of both signs."""
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(dtype)


def near(got: Any, expected: Any) -> None:
    """`close` to an array; without axes a number of NumPy's is as good."""
    expected = np.asarray(expected)
    close(np.asarray(got) if isinstance(got, np.generic) else got, expected, **LOOSE)


def held(rule: Callable, function: Callable, place: int, *args: Any, **kwargs: Any) -> None:
    """Holds `rule(grad_out, out, *args, **kwargs)` against what torch's `function` does at argument `place`."""
    args = tuple(np.asarray(arg) if isinstance(arg, np.generic) else arg for arg in args)
    tensors = [torch.tensor(arg) if isinstance(arg, np.ndarray) and arg.dtype.kind == "f" else arg for arg in args]
    x: torch.Tensor = tensors[place].requires_grad_()  # type: ignore
    out = function(*tensors, **kwargs)
    grad_out = noise(*out.shape, seed=7, dtype=args[place].dtype)
    (expected,) = torch.autograd.grad(out, x, torch.tensor(grad_out))
    if x.dtype == torch.float64:
        expected = differences(lambda: (function(*tensors, **kwargs) * torch.tensor(grad_out)).sum(), x)
    near(rule(grad_out, out.detach().numpy().copy(), *args, **kwargs), expected.numpy())


def differences(loss: Callable[[], torch.Tensor], x: torch.Tensor, h: float = 1e-5) -> torch.Tensor:
    """The slopes of `loss()` at each element of `x`, by central differences."""
    slopes = torch.zeros_like(x)
    with torch.no_grad():
        for place in np.ndindex(tuple(x.shape)):
            middle, ends = x[place].item(), []
            for step in (h, -h):
                x[place] = middle + step
                ends.append(loss().item())
            x[place] = middle
            slopes[place] = (ends[0] - ends[1]) / (2 * h)
    return slopes


def edges() -> Iterator[tuple[int, ...]]:
    """Shapes with no axis, with an axis of length 0, and others, each within its case."""
    for shape, zh, en in (
        ((), "没有轴的数组", "on arrays without axes"),
        ((0,), "长度为 0 的轴", "on an axis of length 0"),
        ((2, 0, 3), "长度为 0 的轴", "on an axis of length 0"),
        ((2, 3, 4), "三个轴", "on three axes"),
    ):
        with case(zh=zh, en=en):
            yield shape


# Rules

PAIRS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (2, 3)),
    ((1, 3), (4, 1)),
    ((4, 2, 3), (2, 1)),
    ((1,), (3,)),
]
RARE = [
    ((), ()),
    ((), (2, 3)),
    ((2, 3), ()),
    ((0, 3), (3,)),
    ((3,), (0, 3)),
    ((2, 0), (2, 1)),
    ((2, 1), (2, 0)),
    ((1, 1), (0, 3)),
]


def both_ways(rule: Callable, function: Callable, place: int, change: Callable = lambda x: x) -> None:
    """Over pairs of shapes that are broadcast, in both dtypes."""
    for shapes, dtype in [(pair, np.float32) for pair in PAIRS] + [(pair, np.float64) for pair in PAIRS[1:4]]:
        x, y = (change(noise(*shape, seed=i, dtype=dtype)) for i, shape in enumerate(shapes))
        with case(zh=f"形状 {shapes[0]} 与 {shapes[1]}", en=f"for the shapes {shapes[0]} and {shapes[1]}"):
            held(rule, function, place, x, y)
    for shapes in RARE:
        x, y = (change(noise(*shape, seed=i)) for i, shape in enumerate(shapes))
        with case(zh=f"形状 {shapes[0]} 与 {shapes[1]}", en=f"for the shapes {shapes[0]} and {shapes[1]}"):
            held(rule, function, place, x, y)
    with case(zh="另一个参数是 Python 的数", en="with a plain number for the other argument"):
        for number in (-1.5, 3):
            args = [change(noise(2, 3, seed=2)), number]
            held(rule, function, place, *(args if place == 0 else args[::-1]))


def with_zeros(rule: Callable, function: Callable, place: int, y: Any = (3.0, 0, 0)) -> None:
    with case(zh="`x` 里有 0", en="where `x` holds a 0"):
        held(rule, function, place, np.array([0.0, 2, 0]), np.array(y))


@judged
def test_log_back(log_back):
    near(log_back(np.array([10.0, 1]), np.log(np.array([4.0, 0.5])), np.array([4.0, 0.5])), np.array([2.5, 2]))
    for dtype in (np.float32, np.float64):
        held(log_back, torch.log, 0, np.exp(noise(3, 4, dtype=dtype)))
    for shape in edges():
        held(log_back, torch.log, 0, np.exp(noise(*shape)))


@judged
def test_unbroadcast(unbroadcast):
    table = np.array([[1.0, 2, 3], [10, 20, 30]])
    near(unbroadcast(table, np.array([0.5, 5, 7])), np.array([11.0, 22, 33]))
    near(unbroadcast(table, np.array([[1.0], [2]])), np.array([[6.0], [60]]))
    near(unbroadcast(table, np.array([[4.0]])), np.array([[66.0]]))
    same = unbroadcast(table, noise(2, 3).astype(float))
    near(same, table)
    pairs = [((4, 2, 3), (2, 3)), ((4, 2, 3), (1, 3)), ((4, 2, 3), (4, 1, 3)), ((4, 2, 3), (1, 2, 1)), ((3, 3), (3, 1))]
    for big, small in [*pairs, ((2, 3), (1,)), ((5, 1, 3), (1, 3)), ((1, 3), (3,)), ((2, 3, 4, 5), (3, 1, 5))]:
        for dtype in (np.float32, np.float64):
            summed(unbroadcast, noise(*big, dtype=dtype), noise(*small, dtype=dtype))
    for big, small in (((0, 3), (3,)), ((2, 0), (2, 1)), ((0,), (1,)), ((2, 0), (1, 0)), ((0, 3), (0, 1))):
        with case(zh="长度为 0 的轴", en="on an axis of length 0"):
            summed(unbroadcast, noise(*big), noise(*small))
    for big in ((), (3,), (2, 3)):
        with case(zh="`original` 没有轴", en="where `original` has no axes"):
            summed(unbroadcast, noise(*big), np.array(2.0, dtype=np.float32))
            near(unbroadcast(noise(*big), 2.0), noise(*big).sum())
            near(unbroadcast(noise(*big), 3), noise(*big).sum())


def summed(unbroadcast: Callable, broadcasted: np.ndarray, original: np.ndarray) -> None:
    """A slow loop: each element is added where broadcasting took it from."""
    expected = np.zeros_like(original)
    places = np.broadcast_to(np.arange(original.size).reshape(original.shape), broadcasted.shape)
    for place, value in zip(places.ravel().tolist(), broadcasted.ravel().tolist(), strict=True):
        expected.reshape(-1)[place] += value
    zh, en = (f"形状 {x.shape} 送到 {y.shape}" for x, y in ((broadcasted, original),) * 2)
    with case(zh=zh, en=f"from {broadcasted.shape} to {original.shape}"):
        near(unbroadcast(broadcasted, original), expected)


@judged
def test_multiply_back0(multiply_back0):
    x, y = np.array([5.0]), np.array([2.0, 3])
    near(multiply_back0(np.array([1.0, 10]), x * y, x, y), np.array([32.0]))
    both_ways(multiply_back0, torch.mul, 0)
    with_zeros(multiply_back0, torch.mul, 0)


@judged
def test_multiply_back1(multiply_back1):
    y = np.array([3.0, -4])
    near(multiply_back1(np.array([1.0, 10]), 2 * y, 2.0, y), np.array([2.0, 20]))
    both_ways(multiply_back1, torch.mul, 1)
    with_zeros(multiply_back1, torch.mul, 1)


@judged
def test_forward_and_back(forward_and_back):
    got = forward_and_back(np.array([2.0]), np.array([3.0]), np.array([6.0]))
    for value, expected in zip(got, (3.0, 2.0, np.log(6.0)), strict=True):
        near(value, np.array([expected]))
    shapes = [
        ((3,), (3,), (3,)),
        ((2, 1), (3,), (2, 3)),
        ((3,), (2, 1), (4, 2, 3)),
        ((4, 2, 3), (1,), (3,)),
        ((1, 3), (2, 3), (2, 1)),
        ((2, 1), (2, 1), (3,)),
        ((1,), (1,), (2, 3)),
    ]
    for three in [*shapes, ((), (), ()), ((), (2, 3), (3,)), ((2, 3), (), ()), ((0, 3), (3,), (1, 3))]:
        for dtype in (np.float32, np.float64):
            a, b, c = (noise(*shape, seed=i, dtype=dtype) for i, shape in enumerate(three))
            a, b = np.exp(a), np.exp(b)
            tensors = [torch.tensor(array, requires_grad=True) for array in (a, b, c)]
            total = (tensors[2] * (tensors[0] * tensors[1]).log()).sum()
            expected = torch.autograd.grad(total, tensors)
            with case(zh=f"形状 {three}", en=f"for the shapes {three}"):
                got = forward_and_back(a, b, c)
                for value, wanted in zip(got, expected, strict=True):
                    near(value, wanted.numpy())
    with case(zh="`a` 和 `b` 都是负的", en="with `a` and `b` negative"):
        got = forward_and_back(np.array([-2.0, -1]), np.array([-3.0, -2]), np.array([6.0, -4]))
        for value, expected in zip(got, ([-3.0, 4], [-2.0, 2], np.log([6.0, 2])), strict=True):
            near(value, np.array(expected))


# Recipes


def home(function: Any) -> Mapping[str, Any]:
    """The names of the file that a function, or a class, was written in."""
    function = inspect.unwrap(function)
    while isinstance(function, functools.partial):
        function = inspect.unwrap(function.func)
    kind = function if inspect.isclass(function) else type(function)
    methods = [method for one in kind.__mro__ for method in vars(one).values()]
    for written in (function, *methods):
        names = getattr(written, "__globals__", {})
        if "Tensor" in names:
            return names
    zh, en = "这个函数所在的文件里没有 `Tensor`", "there is no `Tensor` where this function is"
    raise Wrong(say(zh=f"{zh}：运行过 `Tensor` 那一格了吗？", en=f"{en}: have you run the cell of `Tensor`?"))


@contextlib.contextmanager
def untracked(tensor: Any) -> Iterator[None]:
    tensor.tracking = False
    try:
        with case(zh="`Tensor.tracking` 是 `False` 时", en="while `Tensor.tracking` is `False`"):
            yield
    finally:
        tensor.tracking = True


def noted(
    out: Any, tensor: Any, array: Any, func: Any = None, args: Any = (), kwargs: Any = None, parents: Any = None
) -> None:
    """Whether `out` is a Tensor of `array`, with this recipe, or none where there are no parents."""
    zh, en = (
        f"应当返回 `Tensor`，得到 `{type(out).__name__}`",
        f"it should return a `Tensor`, not `{type(out).__name__}`",
    )
    holds(isinstance(out, tensor), zh=zh, en=en)
    holds(isinstance(out.array, np.ndarray), zh="结果的 `array` 不是数组", en="the `array` of the result is no array")
    near(out.array, np.asarray(array))
    wanted = bool(parents)
    zh, en = f"结果的 `requires_grad` 应为 `{wanted}`", f"the `requires_grad` of the result should be `{wanted}`"
    holds(out.requires_grad is wanted, zh=zh, en=en)
    holds(out.grad is None, zh="结果的 `grad` 应为 `None`", en="the `grad` of the result should be `None`")
    if not wanted:
        holds(out.recipe is None, zh="这里不该有配方", en="there should be no recipe here")
        return
    holds(out.recipe is not None, zh="没有写配方", en="there is no recipe")
    if out.recipe is not None:
        in_recipe(out.recipe, tensor, func, args, kwargs or {}, parents)


def in_recipe(recipe: Any, tensor: Any, func: Any, args: Any, kwargs: Any, parents: Any) -> None:
    holds(
        recipe.func is func, zh="配方的 `func` 不是那个 NumPy 函数", en="the recipe's `func` isn't the NumPy function"
    )
    zh, en = "配方的 `args` 里有 `Tensor`，应当是它的数组", "the recipe's `args` hold a `Tensor` instead of its array"
    holds(not any(isinstance(arg, tensor) for arg in recipe.args), zh=zh, en=en)
    with case(zh="配方的 `args`", en="the recipe's `args`"):
        close(list(recipe.args), list(args), **LOOSE)
    with case(zh="配方的 `kwargs`", en="the recipe's `kwargs`"):
        close(dict(recipe.kwargs), kwargs)
    with case(zh="配方的 `parents` 的位置", en="the places in the recipe's `parents`"):
        close(sorted(recipe.parents), sorted(parents))
    zh, en = (
        "配方的 `parents` 里不是传入的那个 `Tensor` 本身",
        "the recipe's `parents` don't hold the very `Tensor` that came in",
    )
    holds(all(recipe.parents.get(i) is parent for i, parent in parents.items()), zh=zh, en=en)
    zh, en = (
        "配方的 `args` 里是数组的拷贝，应当是它本身",
        "the recipe's `args` hold a copy of an array instead of the array itself",
    )
    own = all(a.array.size == 0 or np.shares_memory(recipe.args[i], a.array) for i, a in parents.items())
    holds(own, zh=zh, en=en)


@judged
def test_BackwardFuncLookup(BackwardFuncLookup):
    one, first = (lambda x: x), (lambda x: -x)
    one.__name__ = first.__name__ = "first"
    backs = [lambda: 0, lambda: 1, lambda: 2, lambda: 3]
    lookup = BackwardFuncLookup()
    lookup.add_back_func(np.log, 0, backs[0])
    lookup.add_back_func(np.multiply, 0, backs[1])
    lookup.add_back_func(np.multiply, 1, backs[2])
    for func, place, back in ((np.log, 0, 0), (np.multiply, 0, 1), (np.multiply, 1, 2)):
        found(lookup, func, place, backs[back])
    with case(zh="两个函数名字相同", en="with two functions of one name"):
        lookup.add_back_func(one, 0, backs[0])
        lookup.add_back_func(first, 0, backs[3])
        found(lookup, one, 0, backs[0])
        found(lookup, first, 0, backs[3])
    with case(zh="同一位置登记第二次", en="registered a second time for the same place"):
        lookup.add_back_func(np.log, 0, backs[3])
        found(lookup, np.log, 0, backs[3])
        found(lookup, np.multiply, 0, backs[1])
    with case(zh="没有登记过的", en="for what isn't registered"):
        raises(KeyError, lookup.get_back_func, np.exp, 0, words="exp")
        raises(KeyError, lookup.get_back_func, np.log, 1, words="log")
        raises(KeyError, lookup.get_back_func, one, 1, words="first")
    with case(zh="另一个 `BackwardFuncLookup`", en="in another `BackwardFuncLookup`"):
        raises(KeyError, BackwardFuncLookup().get_back_func, np.log, 0, words="log")
    with case(zh="带着已有的表", en="with a table to begin with"):
        table: dict = {(np.log, 0): backs[1], (np.add, 1): backs[2]}
        lookup = BackwardFuncLookup(table)
        found(lookup, np.log, 0, backs[1])
        found(lookup, np.add, 1, backs[2])
        lookup.add_back_func(np.add, 0, backs[3])
        lookup.add_back_func(np.log, 0, backs[0])
        found(lookup, np.add, 0, backs[3])
        found(lookup, np.log, 0, backs[0])
        raises(KeyError, lookup.get_back_func, np.add, 2, words="add")
        kept = table == {(np.log, 0): backs[1], (np.add, 1): backs[2]}
        holds(kept, zh="传入的表被改动了", en="the table that came in was changed")


def found(lookup: Any, func: Any, place: int, back: Callable) -> None:
    name = func.__name__
    zh = f"查 `{name}` 的第 {place} 个参数，得到的不是登记的那个函数"
    en = f"for argument {place} of `{name}` you get something else than the function that was registered"
    got = lookup.get_back_func(func, place)
    holds(callable(got), zh=zh, en=en)
    holds(got is back, zh=zh, en=en)


@judged
def test_log_forward(log_forward):
    T = home(log_forward)["Tensor"]
    for shape in ((3,), (2, 3)):
        for dtype in (np.float32, np.float64):
            array = np.exp(noise(*shape, dtype=dtype))
            x = T(array.copy(), requires_grad=True)
            out = log_forward(x)
            noted(out, T, np.log(array), np.log, (array,), {}, {0: x})
            zh, en = "传入的 `x` 变了", "the `x` that came in has changed"
            intact = x.recipe is None and x.grad is None and np.array_equal(x.array, array) and x.requires_grad
            holds(intact, zh=zh, en=en)
            again = log_forward(out) if (array > 1).all() else log_forward(x)
            holds(again is not out, zh="两次调用返回同一个对象", en="two calls return the same object")
    for shape in edges():
        array = np.exp(noise(*shape))
        x = T(array, requires_grad=True)
        noted(log_forward(x), T, np.log(array), np.log, (array,), {}, {0: x})
    with case(zh="`x` 不要求梯度", en="where `x` wants no gradient"):
        array = np.exp(noise(3))
        noted(log_forward(T(array)), T, np.log(array))
    with case(zh="`x` 是算出来的", en="where `x` was computed"):
        x = T(np.exp(noise(3)), requires_grad=True)
        x.recipe = home(log_forward)["Recipe"](np.exp, (noise(3),), {}, {0: T(noise(3), requires_grad=True)})
        noted(log_forward(x), T, np.log(x.array), np.log, (x.array,), {}, {0: x})
    with untracked(T):
        x = T(np.exp(noise(3)), requires_grad=True)
        noted(log_forward(x), T, np.log(x.array))


@judged
def test_multiply_forward(multiply_forward):
    T = home(multiply_forward)["Tensor"]
    a, b = noise(2, 3), noise(3, seed=1)
    x, y, plain = T(a, requires_grad=True), T(b, requires_grad=True), T(b)
    noted(multiply_forward(x, y), T, a * b, np.multiply, (a, b), {}, {0: x, 1: y})
    noted(multiply_forward(y, x), T, a * b, np.multiply, (b, a), {}, {0: y, 1: x})
    for one, two, args, parents in (
        (x, plain, (a, b), {0: x}),
        (plain, x, (b, a), {1: x}),
        (x, b, (a, b), {0: x}),
        (b, x, (b, a), {1: x}),
        (x, 2.0, (a, 2.0), {0: x}),
        (-3, x, (-3, a), {1: x}),
    ):
        with case(zh="只有一个因子要求梯度", en="where only one factor wants a gradient"):
            noted(multiply_forward(one, two), T, np.multiply(*args), np.multiply, args, {}, parents)
    with case(zh="有一个因子是算出来的", en="where a factor was computed"):
        z = T(a * 3, requires_grad=True)
        z.recipe = home(multiply_forward)["Recipe"](np.multiply, (a, 3), {}, {0: x})
        noted(multiply_forward(z, plain), T, a * b * 3, np.multiply, (a * 3, b), {}, {0: z})
    with case(zh="两个因子是同一个", en="with the same factor twice"):
        noted(multiply_forward(x, x), T, a * a, np.multiply, (a, a), {}, {0: x, 1: x})
    with case(zh="没有因子要求梯度", en="where no factor wants a gradient"):
        for one, two in ((plain, T(a)), (plain, a), (2.0, plain), (T(a), 3)):
            noted(multiply_forward(one, two), T, np.multiply(raw(one, T), raw(two, T)))
    with case(zh="float64，没有轴", en="on float64 without axes"):
        w = T(np.array(3.0), requires_grad=True)
        noted(multiply_forward(w, 2.0), T, np.array(6.0), np.multiply, (w.array, 2.0), {}, {0: w})
    with untracked(T):
        noted(multiply_forward(x, y), T, a * b)


def raw(value: Any, tensor: Any) -> Any:
    """The array of a Tensor; all else as it is."""
    return value.array if isinstance(value, tensor) else value


def shifted(x: np.ndarray, *, by: float = 0.0) -> np.ndarray:
    return x + np.float32(by)


@judged
def test_wrap_forward_fn(wrap_forward_fn):
    names = home(wrap_forward_fn)
    T = names["Tensor"]
    a, b = noise(2, 3), noise(3, seed=1)
    x, y, plain = T(a, requires_grad=True), T(b, requires_grad=True), T(b)
    exp, multiply, total = wrap_forward_fn(np.exp), wrap_forward_fn(np.multiply), wrap_forward_fn(np.sum)
    noted(exp(x), T, np.exp(a), np.exp, (a,), {}, {0: x})
    noted(multiply(x, y), T, a * b, np.multiply, (a, b), {}, {0: x, 1: y})
    noted(multiply(x, plain), T, a * b, np.multiply, (a, b), {}, {0: x})
    noted(multiply(b, x), T, a * b, np.multiply, (b, a), {}, {1: x})
    noted(multiply(2.0, x), T, 2 * a, np.multiply, (2.0, a), {}, {1: x})
    with case(zh="同一个 `Tensor` 给两次", en="with the same `Tensor` twice"):
        noted(multiply(x, x), T, a * a, np.multiply, (a, a), {}, {0: x, 1: x})
    with case(zh="有按名字给的参数", en="with arguments given by name"):
        noted(total(x, axis=0), T, a.sum(axis=0), np.sum, (a,), {"axis": 0}, {0: x})
        noted(
            total(x, axis=1, keepdims=True),
            T,
            a.sum(1, keepdims=True),
            np.sum,
            (a,),
            {"axis": 1, "keepdims": True},
            {0: x},
        )
        noted(wrap_forward_fn(shifted)(x, by=2.0), T, a + np.float32(2), shifted, (a,), {"by": 2.0}, {0: x})
    with case(zh="结果没有轴", en="where the result has no axes"):
        noted(total(x), T, a.sum(), np.sum, (a,), {}, {0: x})
    with case(zh="三个参数", en="with three arguments"):
        noted(wrap_forward_fn(np.clip)(x, -0.5, y), T, np.clip(a, -0.5, b), np.clip, (a, -0.5, b), {}, {0: x, 2: y})
        noted(wrap_forward_fn(np.transpose)(x, (1, 0)), T, a.T, np.transpose, (a, (1, 0)), {}, {0: x})
    with case(zh="`Tensor` 的子类", en="on a subclass of `Tensor`"):
        special = type("Special", (T,), {})(b, requires_grad=True)
        noted(multiply(x, special), T, a * b, np.multiply, (a, b), {}, {0: x, 1: special})
        for out in (exp(special), multiply(special, x), multiply(x, special)):
            plain_one = type(out) is T
            holds(plain_one, zh="结果应当是普通的 `Tensor`", en="the result should be a plain `Tensor`")
    with case(zh="又调用过几次以后，先前的配方", en="the recipe of an earlier call, after later ones"):
        early, single = multiply(x, y), exp(x)
        for later in (lambda: multiply(y, x), lambda: multiply(2.0, y), lambda: exp(y), lambda: total(x, axis=0)):
            later()
        noted(early, T, a * b, np.multiply, (a, b), {}, {0: x, 1: y})
        noted(single, T, np.exp(a), np.exp, (a,), {}, {0: x})
    with case(zh="没有参数要求梯度", en="where no argument wants a gradient"):
        noted(exp(plain), T, np.exp(b))
        noted(multiply(a, plain), T, a * b)
        noted(multiply(a, b), T, a * b)
    with case(zh="参数是算出来的", en="where the argument was computed"):
        out = exp(x)
        noted(multiply(out, out), T, out.array * out.array, np.multiply, (out.array, out.array), {}, {0: out, 1: out})
    with untracked(T):
        noted(exp(x), T, np.exp(a))
        noted(multiply(x, y), T, a * b)
        wrapped_then = wrap_forward_fn(np.exp)
    with case(zh="开关又打开以后", en="after the switch is on again"):
        noted(exp(x), T, np.exp(a), np.exp, (a,), {}, {0: x})
        noted(wrapped_then(x), T, np.exp(a), np.exp, (a,), {}, {0: x})
    with case(zh="长度为 0 的轴", en="on an axis of length 0"):
        empty = T(noise(0, 3), requires_grad=True)
        noted(exp(empty), T, np.exp(noise(0, 3)), np.exp, (noise(0, 3),), {}, {0: empty})


# The walk back

ASKED = 10  # so often `get_children` may be called for one node


def sorting(topological_sort: Callable, graph: Mapping[Any, Any], start: Any) -> Any:
    """What it returns for this graph; stops it when it asks for the children of a node again and again."""
    asked: Counter = Counter()

    def get_children(node: Any) -> Any:
        asked[node] += 1
        if asked[node] > ASKED:
            zh, en = (
                "`get_children` 对同一个节点调用了十次以上",
                "`get_children` was called more than ten times for one node",
            )
            raise Wrong(
                say(
                    zh=f"{zh}：是不是每条路都走了一遍，或者在环里出不来？", en=f"{en}: is each path walked, or a cycle?"
                )
            )
        return (child for child in graph.get(node, ()))

    return topological_sort(start, get_children)


def in_order(topological_sort: Callable, graph: Mapping[Any, Any], start: Any) -> None:
    """Whether the list has each reachable node once, behind its children."""
    order = sorting(topological_sort, graph, start)
    holds(isinstance(order, list), zh="应当返回列表", en="it should return a list")
    reached, todo = {start}, [start]
    while todo:
        new = [child for child in graph.get(todo.pop(), ()) if child not in reached]
        reached.update(new)
        todo += new
    zh, en = "有节点多了、少了或者重复了", "nodes are missing, too many, or there twice"
    count = Counter(order)
    holds(set(count) == reached and len(order) == len(reached), zh=f"{zh}：{brief(order)}", en=f"{en}: {brief(order)}")
    place = {node: i for i, node in enumerate(order)}
    late = [(n, c) for n in place for c in graph.get(n, ()) if place.get(c, -1) >= place[n]]
    told = f"{late[0][1]!r}, {late[0][0]!r}" if late else ""
    zh, en = f"来源要排在前面，这一对反了：{told}", f"origins come first; this pair is reversed: {told}"
    holds(not late, zh=f"{zh}（{brief(order)}）", en=f"{en} ({brief(order)})")


def brief(order: Any) -> str:
    words = repr(order)
    return words if len(words) <= 90 else words[:87] + "..."


@judged
def test_topological_sort(topological_sort):
    five = {"L": "cd", "d": "ac", "c": "ab"}
    in_order(topological_sort, five, "L")
    in_order(topological_sort, {"L": "dc", "d": "ca", "c": "ba"}, "L")
    in_order(topological_sort, {"L": "acd", "d": "c", "c": "ba", "a": "b"}, "L")
    with case(zh="从中间的节点出发", en="from a node in the middle"):
        in_order(topological_sort, five, "d")
    with case(zh="没有来源的节点", en="on a node without origins"):
        in_order(topological_sort, five, "a")
    with case(zh="同一个来源给了两次", en="where an origin is given twice"):
        in_order(topological_sort, {"y": "xx", "x": "ww"}, "y")
    with case(zh="节点是数，0 也是", en="where nodes are numbers, 0 among them"):
        in_order(topological_sort, {0: [3, 1], 3: [1, 2], 1: [2]}, 0)
        in_order(topological_sort, {3: [0, 2], 2: [0, 1], 1: [0]}, 3)
    with case(zh="节点是元组", en="where nodes are tuples"):
        rows = {(i, j): [(i - 1, j), (i, j - 1)] for i in range(4) for j in range(5)}
        graph = {node: [c for c in children if min(c) >= 0] for node, children in rows.items()}
        in_order(topological_sort, graph, (3, 4))
    for seed in range(6):
        rng = np.random.default_rng(seed)
        names = rng.permutation(12).tolist()
        graph = {n: [names[j] for j in rng.permutation(i)[: rng.integers(0, 4)]] for i, n in enumerate(names)}
        with case(zh="随机的图", en="on a random graph"):
            in_order(topological_sort, graph, names[-1])
    with case(zh="40 层，每层用两次", en="on 40 levels, each used twice"):
        in_order(topological_sort, {i: [i - 1, i - 1] for i in range(1, 41)}, 40)
        in_order(topological_sort, {i: [i - 1, i - 2] for i in range(2, 41)}, 40)
    with case(zh="30 个来源的节点", en="on a node with 30 origins"):
        in_order(topological_sort, {30: range(30), 29: range(15)}, 30)
    with case(zh="10,000 个节点的链", en="on a chain of 10,000 nodes"):
        in_order(topological_sort, {i: [i - 1] for i in range(1, 10_000)}, 9_999)
    loops = {
        say(zh="节点是自己的来源", en="where a node is its own origin"): {"a": "a"},
        say(zh="两个节点互为来源", en="where two nodes are each other's origins"): {"a": "b", "b": "a"},
        say(zh="环不经过起点", en="on a cycle that doesn't lead through the start"): {
            "a": "bx",
            "b": "c",
            "c": "d",
            "d": "b",
        },
        say(zh="环在第二个来源后面", en="on a cycle beyond the second origin"): {"a": "xb", "b": "cx", "c": "xa"},
    }
    for words, graph in loops.items():
        with case(zh=words, en=words):
            raises(ValueError, sorting, topological_sort, graph, "a")


def made_from(names: Mapping[str, Any], *parents: Any, func: Any = np.add) -> Any:
    """A Tensor with a recipe, made by hand."""
    out = names["Tensor"](np.zeros(2), requires_grad=True)
    out.recipe = names["Recipe"](func, tuple(p.array for p in parents), {}, dict(enumerate(parents)))
    return out


@judged
def test_sorted_computational_graph(sorted_computational_graph):
    names = home(sorted_computational_graph)
    a, b, data = (names["Tensor"](np.ones(2), requires_grad=wants) for wants in (True, True, False))
    c = made_from(names, a, b)
    d = made_from(names, a, c)
    d.recipe.args += (data.array,)
    end = made_from(names, c, d)
    made_from(names, end, a)  # comes after `end`
    walk_of(sorted_computational_graph, end, [a, b, c, d, end])
    walk_of(sorted_computational_graph, made_from(names, d, c), None)
    with case(zh="从中间出发", en="from the middle"):
        walk_of(sorted_computational_graph, c, [a, b, c])
    with case(zh="只有一个叶子", en="on a leaf alone"):
        walk_of(sorted_computational_graph, a, [a])
        walk_of(sorted_computational_graph, data, [data])
    with case(zh="同一个 `Tensor` 用了两次", en="where a `Tensor` was used twice"):
        y = a
        for _ in range(12):
            y = made_from(names, y, y)
        walk_of(sorted_computational_graph, y, None)
    for seed in range(4):
        rng, made = np.random.default_rng(seed), [a, b]
        for _ in range(10):
            made.append(made_from(names, *(made[i] for i in rng.permutation(len(made))[:2])))
        with case(zh="随机的图", en="on a random graph"):
            walk_of(sorted_computational_graph, made_from(names, *made[::-1][:6]), None)
    with case(zh="10,000 步的链", en="on a chain of 10,000 steps"):
        y = a
        for _ in range(10_000):
            y = made_from(names, y)
        walk_of(sorted_computational_graph, y, None)


def walk_of(sorted_computational_graph: Callable, end: Any, expected: list | None) -> None:
    order = sorted_computational_graph(end)
    holds(isinstance(order, list | tuple), zh="应当返回列表", en="it should return a list")
    todo, reached = [end], {id(end)}
    while todo:
        recipe = todo.pop().recipe
        new = [p for p in (recipe.parents.values() if recipe else ()) if id(p) not in reached]
        reached |= {id(p) for p in new}
        todo += new
    first = bool(order) and order[0] is end
    holds(first, zh="`tensor` 应当在最前面", en="`tensor` should be first")
    zh, en = "有节点多了、少了或者重复了", "nodes are missing, too many, or there twice"
    right = len(order) == len(reached) and {id(t) for t in order} == reached
    holds(right, zh=zh, en=en)
    holds(expected is None or len(order) == len(expected), zh=zh, en=en)
    place = {id(t): i for i, t in enumerate(order)}
    early = all(place[id(t)] < place.get(id(p), -1) for t in order if t.recipe for p in t.recipe.parents.values())
    holds(early, zh="节点要排在自己的来源之前", en="a node has to stand before its own origins")


# Functions with rules of the test's own, so that nothing of the learner's but the walk is judged.
TOO_OFTEN = 60_000  # calls of rules in one test; a walk along each path would make far more


def product(x: Any, y: Any) -> Any:
    return x * y


def plus(x: Any, y: Any) -> Any:
    return x + y


def growth(x: Any) -> Any:
    return np.exp(x) if isinstance(x, np.ndarray) else x.exp()


def power(x: Any, *, of: int = 2) -> Any:
    return x**of


def total(x: Any) -> Any:
    return x.sum()


def widened(x: Any) -> Any:
    return x * 3


RULES: dict[tuple[Callable, int], Callable] = {
    (product, 0): lambda grad_out, out, x, y: grad_out * y,
    (product, 1): lambda grad_out, out, x, y: grad_out * x,
    (plus, 0): lambda grad_out, out, x, y: grad_out,
    (plus, 1): lambda grad_out, out, x, y: grad_out,
    (growth, 0): lambda grad_out, out, x: grad_out * out,
    (power, 0): lambda grad_out, out, x, of=2: grad_out * of * x ** (of - 1),
    (total, 0): lambda grad_out, out, x: np.broadcast_to(grad_out, x.shape),
    (widened, 0): lambda grad_out, out, x: grad_out.astype(np.float64) * 3,
}


class Engine:
    """Builds graphs by hand out of the Tensor and the Recipe of the learner's file, and counts the calls of rules."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.Tensor, self.Recipe, self.calls = names["Tensor"], names["Recipe"], 0
        for (function, place), rule in RULES.items():
            names["BACK_FUNCS"].add_back_func(function, place, self.counted(rule))

    def counted(self, rule: Callable) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.calls > TOO_OFTEN:
                zh, en = "规则调用得太多：是不是每条路都走了一遍？", "too many calls of rules: is each path walked?"
                raise Wrong(say(zh=zh, en=en))
            return rule(*args, **kwargs)

        return call

    def leaf(self, array: Any) -> Any:
        return self.Tensor(np.array(array), requires_grad=True)

    def do(self, function: Callable, *args: Any, **kwargs: Any) -> Any:
        """`function` of Tensors, or of torch's tensors."""
        if isinstance(args[0], torch.Tensor):
            return function(*args, **kwargs)
        arrays = tuple(arg.array for arg in args)
        out = self.Tensor(function(*arrays, **kwargs))
        parents = {i: arg for i, arg in enumerate(args) if arg.requires_grad}
        out.requires_grad = bool(parents)
        out.recipe = self.Recipe(function, arrays, kwargs, parents) if parents else None
        return out


def mixed(do: Callable, a: Any, b: Any, c: Any) -> Any:
    d = do(product, a, b)
    e = do(plus, do(growth, d), c)
    return do(plus, do(product, e, d), do(power, a, of=3))


def in_place(do: Callable, a: Any, b: Any, c: Any) -> Any:
    """One array of slopes is handed to two nodes, before one of them is added to."""
    t = do(product, a, b)
    return do(plus, a, do(plus, do(plus, b, t), do(product, c, t)))


def twice(do: Callable, a: Any, b: Any, c: Any) -> Any:
    d = do(product, a, a)
    return do(total, do(plus, do(plus, d, d), do(product, b, c)))


def long_way(do: Callable, a: Any, b: Any, c: Any) -> Any:
    """From the result a short way and a long one lead back to one node, and further."""
    d = do(product, do(plus, do(product, a, b), c), a)
    return do(plus, d, do(growth, do(product, do(plus, d, b), c)))


@judged
def test_backprop(backprop):
    engine = Engine(home(backprop))
    a, b = engine.leaf(3.0), engine.leaf(2.0)
    c = engine.do(product, a, b)
    end = engine.do(product, c, engine.do(plus, a, c))
    backprop(end)
    for leaf, expected in ((a, 36.0), (b, 45.0)):
        slope_is(leaf, np.array(expected))
    zh, en = "只有叶子才有 `grad`", "only leaves have a `grad`"
    holds(c.grad is None and end.grad is None, zh=zh, en=en)
    for network in (mixed, in_place, twice, long_way):
        for dtype in (np.float32, np.float64):
            against_torch(backprop, engine, network, dtype)
    with case(zh="长度为 0 的轴", en="on an axis of length 0"):
        a = engine.leaf(noise(0, 3))
        backprop(engine.do(product, a, a))
        slope_is(a, np.zeros((0, 3), dtype=np.float32))
    with case(zh="规则给出 float64，叶子是 float32", en="where a rule gives float64 and the leaf is float32"):
        a = engine.leaf(noise(2, 3))
        for count in (3, 6):
            backprop(engine.do(widened, a))
            slope_is(a, np.full((2, 3), count, dtype=np.float32))
    with case(zh="斜率全是 0", en="where all slopes are 0"):
        a, b = engine.leaf(noise(2, 3)), engine.leaf(np.zeros((2, 3), dtype=np.float32))
        backprop(engine.do(product, a, b))
        slope_is(a, np.zeros((2, 3), dtype=np.float32))
        slope_is(b, noise(2, 3))
    aliases(backprop, engine)
    leaves(backprop, engine)
    with case(zh="40 层的 y = y + y", en="on 40 levels of y = y + y"):
        a = engine.leaf(1.0)
        y, before = a, engine.calls
        for _ in range(40):
            y = engine.do(plus, y, y)
        backprop(y)
        slope_is(a, np.array(2.0**40))
        once = engine.calls - before == 80
        holds(once, zh="每条箭头的规则应当恰好调用一次", en="the rule of each arrow should be called exactly once")
    with case(zh="10,000 步的链", en="on a chain of 10,000 steps"):
        a, b = engine.leaf(1.0), engine.leaf(0.5)
        y = a
        for _ in range(10_000):
            y = engine.do(plus, y, b)
        backprop(y)
        slope_is(b, np.array(10_000.0))
        slope_is(a, np.array(1.0))
    with case(zh="规则换成新的以后", en="after a rule was replaced"):
        a = engine.leaf(noise(2, 3))
        end = engine.do(power, a, of=2)
        backprop(end)
        lookup, a.grad = home(backprop)["BACK_FUNCS"], None
        lookup.add_back_func(power, 0, lambda grad_out, out, x, of=2: grad_out * 5)
        try:
            backprop(end)
        finally:
            lookup.add_back_func(power, 0, engine.counted(RULES[power, 0]))
        slope_is(a, np.full((2, 3), 5, dtype=np.float32))
    with untracked(engine.Tensor):
        a = engine.leaf(noise(2, 3))
        backprop(engine.do(product, a, a))
        slope_is(a, 2 * noise(2, 3))
    with case(zh="用你自己的 `*` 和 `log`", en="with your own `*` and `log`"):
        a, b = engine.leaf(np.array([3.0, 1])), engine.leaf(2.0)
        (a * b * a.log()).backward()
        slope_is(a, 2 * (np.log([3.0, 1]) + 1))
        slope_is(b, np.array(3 * np.log(3)))


def slope_is(leaf: Any, expected: np.ndarray) -> None:
    zh, en = "叶子没有得到 `grad`", "a leaf got no `grad`"
    holds(leaf.grad is not None, zh=zh, en=en)
    if leaf.grad is not None:
        kind = type(leaf.grad).__name__
        holds(
            hasattr(leaf.grad, "array"),
            zh=f"`grad` 应为 `Tensor`，得到 `{kind}`",
            en=f"`grad` should be a `Tensor`, not `{kind}`",
        )
        near(leaf.grad.array, expected)


def against_torch(backprop: Callable, engine: Engine, network: Callable, dtype: Any) -> None:
    """Twice without clearing, with random slopes to start with, then once more by default."""
    arrays = [noise(2, 3, seed=i, dtype=dtype) / 2 for i in range(3)]
    mine, theirs = [engine.leaf(x) for x in arrays], [torch.tensor(x, requires_grad=True) for x in arrays]
    out = network(engine.do, *mine)
    for seed in (5, 6):
        start = noise(*out.shape, seed=seed, dtype=dtype)
        given = engine.Tensor(start.copy())
        network(engine.do, *theirs).backward(torch.tensor(start))
        backprop(out, given)
        zh, en = (
            ("第二次，不清零", "a second time, without clearing")
            if seed == 6
            else ("给了 `end_grad`", "with an `end_grad`")
        )
        with case(zh=zh, en=en):
            for leaf, tensor in zip(mine, theirs, strict=True):
                slope_is(leaf, tensor.grad.numpy())  # type: ignore
        zh, en = "`end_grad` 或叶子的数组被改动了", "`end_grad` or the array of a leaf was changed"
        same = all(np.array_equal(leaf.array, x) for leaf, x in zip(mine, arrays, strict=True))
        holds(same and np.array_equal(given.array, start), zh=zh, en=en)
    for leaf in mine:
        leaf.grad = None
    with case(zh="没有 `end_grad`", en="without `end_grad`"):
        expected = torch.autograd.grad(network(engine.do, *theirs).sum(), theirs)
        backprop(network(engine.do, *mine))
        for leaf, tensor in zip(mine, expected, strict=True):
            slope_is(leaf, tensor.numpy())


def aliases(backprop: Callable, engine: Engine) -> None:
    """No two gradients share memory, and none that of something else."""
    a, b = engine.leaf(noise(2, 3)), engine.leaf(noise(2, 3, seed=1))
    start = engine.Tensor(noise(2, 3, seed=2))
    end = engine.do(plus, a, b)
    for time in (1, 2):
        backprop(end, start)
        slope_is(a, time * noise(2, 3, seed=2))
        slope_is(b, time * noise(2, 3, seed=2))
        if a.grad is None or b.grad is None:
            return
        zh, en = "两个叶子的 `grad` 共用一个数组", "the `grad` of two leaves share an array"
        holds(not np.shares_memory(a.grad.array, b.grad.array), zh=zh, en=en)
        zh, en = "`grad` 与 `end_grad` 共用一个数组", "a `grad` shares its array with `end_grad`"
        holds(not any(np.shares_memory(leaf.grad.array, start.array) for leaf in (a, b)), zh=zh, en=en)
        zh, en = (
            "`grad` 就是叶子自己的数组，或者是同一个 `Tensor`",
            "a `grad` is the leaf's own array, or the same `Tensor`",
        )
        holds(not np.shares_memory(a.grad.array, a.array) and a.grad is not b.grad, zh=zh, en=en)
    a = engine.leaf(noise(2, 3))
    start = engine.Tensor(np.array(2.0, dtype=np.float32))
    backprop(engine.do(total, a), start)
    if a.grad is not None:
        zh, en = (
            "`grad` 与规则送来的、或 `end_grad` 的内存相连，或者改不动",
            "a `grad` shares memory with what a rule sent, or is read-only",
        )
        own = a.grad.array.flags.writeable and not np.shares_memory(a.grad.array, start.array)
        holds(own, zh=zh, en=en)


def leaves(backprop: Callable, engine: Engine) -> None:
    with case(zh="`end_node` 是叶子", en="where `end_node` is a leaf"):
        a, start = engine.leaf(noise(2, 3)), engine.Tensor(noise(2, 3, seed=2))
        backprop(a, start)
        slope_is(a, noise(2, 3, seed=2))
        backprop(a)
        slope_is(a, noise(2, 3, seed=2) + 1)
        shared = a.grad is not None and np.shares_memory(a.grad.array, start.array)
        holds(not shared, zh="`grad` 与 `end_grad` 共用一个数组", en="a `grad` shares its array with `end_grad`")
        backprop(engine.do(product, a, a), start)
        slope_is(a, noise(2, 3, seed=2) * (1 + 2 * a.array) + 1)
    with case(zh="`end_node` 不要求梯度", en="where `end_node` wants no gradient"):
        data = engine.Tensor(noise(2, 3))
        backprop(data)
        holds(data.grad is None, zh="它的 `grad` 应为 `None`", en="its `grad` should be `None`")
    with case(zh="有一个叶子不要求梯度", en="where a leaf wants no gradient"):
        a, data = engine.leaf(noise(2, 3)), engine.Tensor(noise(2, 3, seed=1))
        backprop(engine.do(product, a, data))
        slope_is(a, noise(2, 3, seed=1))
        holds(data.grad is None, zh="它的 `grad` 应为 `None`", en="its `grad` should be `None`")


# More rules


@judged
def test_exp_back(exp_back):
    near(exp_back(np.array([5.0, 2]), np.exp(np.array([0.0, 1])), np.array([0.0, 1])), np.array([5.0, 2 * np.e]))
    for dtype in (np.float32, np.float64):
        held(exp_back, torch.exp, 0, noise(3, 4, dtype=dtype))
    for shape in edges():
        held(exp_back, torch.exp, 0, noise(*shape))


@judged
def test_reshape_back(reshape_back):
    numbers = np.arange(6.0)
    near(reshape_back(numbers, numbers, numbers.reshape(2, 3), (6,)), numbers.reshape(2, 3))
    with case(zh="`grad_out` 在内存里按列存放", en="where `grad_out` lies in memory by columns"):
        by_rows = noise(3, 4)
        near(reshape_back(np.asfortranarray(by_rows), noise(3, 4), noise(2, 6), (3, 4)), by_rows.reshape(2, 6))
    for before, after in (
        ((2, 3, 4), (4, 6)),
        ((6,), (3, 2)),
        ((2, 3), (3, 2)),
        ((2, 6), (-1, 4)),
        ((3, 4), -1),
        ((3, 4), 12),
    ):
        for dtype in (np.float32, np.float64):
            shape = (after,) if isinstance(after, int) else after
            held(reshape_back, lambda x, _, shape=shape: x.reshape(shape), 0, noise(*before, dtype=dtype), after)
    for before, after in (((), (1, 1)), ((1,), ()), ((0, 3), (3, 0)), ((2, 0), (0,))):
        with case(zh=f"形状 {before} 变 {after}", en=f"from the shape {before} to {after}"):
            held(reshape_back, lambda x, shape: x.reshape(shape), 0, noise(*before), after)


@judged
def test_permute_back(permute_back):
    for shape, axes in (
        ((2, 3, 4), (2, 0, 1)),
        ((2, 3, 4), (1, 2, 0)),
        ((2, 3, 4), (0, 2, 1)),
        ((2, 3), (1, 0)),
        ((2, 3), (0, 1)),
        ((3, 3, 3), (1, 2, 0)),
        ((2, 3, 4, 5), (3, 1, 0, 2)),
        ((4,), (0,)),
    ):
        for dtype in (np.float32, np.float64):
            held(permute_back, torch.permute, 0, noise(*shape, dtype=dtype), axes)
    with case(zh="负的下标", en="on negative indices"):
        for axes in ((-1, 0, 1), (-1, -3, -2), (0, -1, 1)):
            held(permute_back, torch.permute, 0, noise(2, 3, 4), axes)
    with case(zh="没有轴，或长度为 0", en="without axes, or with length 0"):
        held(permute_back, torch.permute, 0, noise(), ())
        held(permute_back, torch.permute, 0, noise(2, 0, 3), (2, 0, 1))


def torch_sum(x: torch.Tensor, dim: Any = None, keepdim: bool = False) -> torch.Tensor:
    if dim is None:
        return x.sum().reshape([1] * x.ndim) if keepdim else x.sum()
    return x.sum(dim=dim, keepdim=keepdim)


@judged
def test_sum_back(sum_back):
    near(sum_back(np.array([6.0, 60]), np.zeros(2), np.zeros((2, 3)), dim=1), np.array([[6.0] * 3, [60.0] * 3]))
    for dim in (None, 0, 1, 2, -1, -2, (0,), (0, 2), (1, 2), (-1, 0), (2, 0), (0, 1, 2)):
        for keepdim in (False, True):
            with case(zh=f"dim={dim}，keepdim={keepdim}", en=f"for dim={dim}, keepdim={keepdim}"):
                held(sum_back, torch_sum, 0, noise(2, 3, 4), dim=dim, keepdim=keepdim)
    with case(zh="各轴一样长", en="where all axes are equally long"):
        for dim in (0, 1, -1):
            held(sum_back, torch_sum, 0, noise(3, 3, dtype=np.float64), dim=dim)
            held(sum_back, torch_sum, 0, noise(3, 3, 3), dim, False)
    with case(zh="默认值", en="by default"):
        held(sum_back, torch_sum, 0, noise(2, 3, dtype=np.float64))
        held(sum_back, torch_sum, 0, noise(4), 0)
    with case(zh="没有轴，或长度为 0", en="without axes, or with length 0"):
        held(sum_back, torch_sum, 0, noise())
        held(sum_back, torch_sum, 0, noise(0, 3), dim=0)
        held(sum_back, torch_sum, 0, noise(2, 0, 3), dim=-1)


@judged
def test_getitem_back(getitem_back):
    near(getitem_back(np.array([1.0, 10, 100]), np.zeros(3), np.zeros(3), [0, 0, 2]), np.array([11.0, 0, 100]))
    for index, shape in (
        (1, (4, 3)),
        (-1, (4, 3)),
        (slice(1, 3), (4, 3)),
        (slice(None, None, -2), (4, 3)),
        ((slice(None), 1), (4, 3)),
        ((2, 1), (4, 3)),
        (np.array([2, 0, 2, 2]), (4, 3)),
        ([3, -1, 1], (4, 3)),
        ((np.array([0, 2, 0]), np.array([1, 1, 1])), (4, 3)),
        ((slice(None), np.array([1, 0, 1])), (4, 3)),
        ((np.array([[0, 1], [1, 0]]), slice(1, None)), (4, 3)),
        ((Ellipsis, 0), (2, 4, 3)),
        (np.array([True, False, True, True]), (4, 3)),
        (np.arange(12).reshape(4, 3) % 5 == 0, (4, 3)),
        ((None, 2), (4, 3)),
    ):
        for dtype in (np.float32, np.float64):
            x = noise(*shape, dtype=dtype)
            grad_out = noise(*x[index].shape, seed=3, dtype=dtype)
            expected = np.zeros_like(x)
            places = np.arange(x.size).reshape(shape)[index]
            for place, value in zip(np.ravel(places).tolist(), grad_out.ravel().tolist(), strict=True):
                expected.reshape(-1)[place] += value
            with case(zh=f"下标 {index!r}", en=f"for the index {index!r}"):
                near(getitem_back(grad_out, x[index], x, index), expected)
    with case(zh="什么也没选", en="where nothing is picked"):
        near(getitem_back(noise(0, 3), noise(0, 3), noise(4, 3), slice(2, 2)), np.zeros((4, 3), dtype=np.float32))


@judged
def test_true_divide_back1(true_divide_back1):
    near(true_divide_back1(np.array([10.0]), np.array([3.0]), np.array([6.0]), np.array([2.0])), np.array([-15.0]))
    both_ways(true_divide_back1, torch.true_divide, 1, lambda x: x + np.sign(x))
    with_zeros(true_divide_back1, torch.true_divide, 1, np.array([3.0, -2, 0.5]))


@judged
def test_maximum_back0(maximum_back0):
    x = np.array([1.0, 5, 2])
    near(maximum_back0(np.array([10.0, 20, 30]), np.maximum(x, 2.0), x, 2.0), np.array([0.0, 20, 15]))

    def larger(x, y):
        return torch.maximum(x, y if isinstance(y, torch.Tensor) else torch.tensor(y, dtype=x.dtype))

    both_ways(maximum_back0, larger, 0)
    with case(zh="有相等的", en="with equals"):
        for shapes in (((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (4, 3)), ((), ())):
            x, y = (np.round(noise(*shape, seed=i)) for i, shape in enumerate(shapes))
            held(maximum_back0, larger, 0, x, y)
        held(maximum_back0, larger, 0, np.round(noise(4, 5)), 0.0)
        held(maximum_back0, larger, 0, np.round(noise(4, 5, dtype=np.float64)), 1)
        held(maximum_back0, larger, 0, np.zeros((2, 2), dtype=np.float32), np.zeros(2, dtype=np.float32))
    with case(zh="差一点就相等的", en="with numbers that are nearly equal"):
        x, y = np.array([1.0, 2, 3]), np.array([1.000001, 1.999999, 3])
        near(maximum_back0(np.array([10.0, 20, 30]), np.maximum(x, y), x, y), np.array([0.0, 20, 15]))


@judged
def test_relu(relu):
    T = home(relu)["Tensor"]
    for shape in ((4,), (3, 5), (2, 3, 4), (), (0, 3)):
        for dtype in (np.float32, np.float64):
            array, start = noise(*shape, dtype=dtype), noise(*shape, seed=1, dtype=dtype)
            x = T(array.copy(), requires_grad=True)
            out = relu(x)
            zh, en = (
                f"应当返回 `Tensor`，得到 `{type(out).__name__}`",
                f"it should return a `Tensor`, not `{type(out).__name__}`",
            )
            holds(isinstance(out, T), zh=zh, en=en)
            near(out.array, np.where(array > 0, array, 0).astype(dtype))
            holds(out.requires_grad, zh="结果与 `x` 断开了，没有梯度", en="the result is cut off from `x`: no gradient")
            out.backward(T(start))
            slope_is(x, np.where(array > 0, start, 0).astype(dtype))
            holds(np.array_equal(x.array, array), zh="`x` 的数组被改动了", en="the array of `x` was changed")
    with case(zh="恰好为 0", en="at exactly 0"):
        x = T(np.array([0.0, -2, 0, 3]), requires_grad=True)
        out = relu(x)
        near(out.array, np.array([0.0, 0, 0, 3]))
        out.backward(T(np.array([10.0, 10, -10, 10])))
        slopes = x.grad.array if x.grad is not None else np.full(4, np.nan)
        near(slopes[[1, 3]], np.array([0.0, 10]))
        zh, en = "恰好为 0 处，斜率应在 0 与上游之间", "at exactly 0 the slope should lie between 0 and what arrives"
        holds(0 <= slopes[0] <= 10 and -10 <= slopes[2] <= 0, zh=zh, en=en)
    with case(zh="`x` 不要求梯度", en="where `x` wants no gradient"):
        out = relu(T(noise(3)))
        holds(not out.requires_grad and out.recipe is None, zh="结果也不该要求", en="neither should the result")


SIZES = [(2, 3, 4), (1, 4, 3), (3, 3, 3), (5, 1, 2), (4, 2, 1)]


def matrices(rule: Callable, place: int) -> None:
    for n, k, m in SIZES:
        for dtype in (np.float32, np.float64):
            held(rule, torch.matmul, place, noise(n, k, dtype=dtype), noise(k, m, seed=1, dtype=dtype))
    for n, k, m in ((0, 3, 2), (2, 0, 3), (2, 3, 0)):
        with case(zh="长度为 0 的轴", en="on an axis of length 0"):
            held(rule, torch.matmul, place, noise(n, k), noise(k, m, seed=1))


@judged
def test_matmul2d_back0(matmul2d_back0):
    x, y = np.array([[1.0, 2]]), np.array([[3.0, 4], [5, 6]])
    near(matmul2d_back0(np.array([[10.0, 1]]), x @ y, x, y), np.array([[34.0, 56]]))
    matrices(matmul2d_back0, 0)


@judged
def test_matmul2d_back1(matmul2d_back1):
    x, y = np.array([[1.0, 2]]), np.array([[3.0, 4], [5, 6]])
    near(matmul2d_back1(np.array([[10.0, 1]]), x @ y, x, y), np.array([[10.0, 1], [20, 2]]))
    matrices(matmul2d_back1, 1)


@judged
def test_matmul_back0(matmul_back0):
    pairs = [((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)), ((1, 2, 3), (5, 3, 4))]
    pairs += [
        ((5, 2, 3), (1, 3, 4)),
        ((6, 1, 2, 3), (5, 3, 4)),
        ((5, 1, 3), (6, 5, 3, 2)),
        ((5, 2, 1), (5, 1, 3)),
        ((3, 3, 3), (3, 3, 3)),
    ]
    for one, two in pairs:
        for dtype in (np.float32, np.float64):
            with case(zh=f"形状 {one} 与 {two}", en=f"for the shapes {one} and {two}"):
                held(matmul_back0, torch.matmul, 0, noise(*one, dtype=dtype), noise(*two, seed=1, dtype=dtype))
    with case(zh="长度为 0 的轴", en="on an axis of length 0"):
        held(matmul_back0, torch.matmul, 0, noise(2, 3), noise(0, 3, 4))
        held(matmul_back0, torch.matmul, 0, noise(5, 2, 0), noise(5, 0, 4))


@judged
def test_add_(add_):
    T = home(add_)["Tensor"]
    for other in (T(noise(3, seed=1)), noise(2, 3, seed=1), 2, -0.5, T(noise(2, 1, seed=1), requires_grad=True)):
        for options in ({}, {"alpha": -0.3}, {"alpha": 2}):
            x = T(noise(2, 3))
            array, grad = x.array, T(noise(2, 3, seed=5))
            x.grad = grad
            added = raw(other, T)
            before = np.array(added)
            expected = noise(2, 3) + np.float32(options.get("alpha", 1)) * np.asarray(added, dtype=np.float32)
            got = add_(x, other, **options)
            holds(got is x, zh="应当返回 `x` 本身", en="it should return `x` itself")
            near(x.array, expected)
            zh, en = "不是就地：`x.array` 换成了新的数组", "it isn't in place: `x.array` is another array now"
            holds(x.array is array, zh=zh, en=en)
            zh, en = (
                "`x` 有了配方或要求梯度，或者 `grad` 变了",
                "`x` got a recipe, wants a gradient, or its `grad` changed",
            )
            holds(x.recipe is None and not x.requires_grad and x.grad is grad, zh=zh, en=en)
            holds(np.array_equal(np.array(added), before), zh="`other` 被改动了", en="`other` was changed")
    with case(zh="float64，没有轴", en="on float64 without axes"):
        x = T(np.array(1.5))
        near(add_(x, T(np.array(2.0)), 0.5).array, np.array(2.5))
    with case(
        zh="`x` 要求梯度，`Tensor.tracking` 是 `True`", en="where `x` wants a gradient and `Tensor.tracking` is `True`"
    ):
        x = T(noise(2, 3), requires_grad=True)
        raises(RuntimeError, add_, x, 1.0)
        raises(RuntimeError, add_, x, T(noise(3)), alpha=2)
        near(x.array, noise(2, 3))
    recipe = home(add_)["Recipe"](np.negative, (noise(2, 3),), {}, {0: T(noise(2, 3), requires_grad=True)})
    with case(zh="`x` 是算出来的，要求梯度", en="where `x` was computed and wants a gradient"):
        x = T(-noise(2, 3), requires_grad=True)
        x.recipe = recipe
        raises(RuntimeError, add_, x, 1.0)
        near(x.array, -noise(2, 3))
    with untracked(T):
        x = T(noise(2, 3), requires_grad=True)
        array = x.array
        got = add_(x, T(noise(3, seed=1), requires_grad=True), alpha=-0.1)
        near(x.array, noise(2, 3) - np.float32(0.1) * noise(3, seed=1))
        holds(
            got is x and x.array is array, zh="应当就地改动并返回 `x`", en="it should change `x` in place and return it"
        )
        holds(
            x.requires_grad and x.recipe is None,
            zh="`x` 应当仍是要求梯度的叶子",
            en="`x` should still be a leaf that wants a gradient",
        )
        x = T(-noise(2, 3), requires_grad=True)
        x.recipe = recipe
        near(add_(x, 1.0).array, 1 - noise(2, 3))
        holds(x.recipe is recipe, zh="`x` 的配方变了", en="the recipe of `x` has changed")
