"""One test per exercise of day 3's second lesson; each is called from its cell, and collected by pytest.

What is expected comes from `torch.autograd`, from a slow loop, or from a formula that can be checked by hand. The engine
is the one that the learner's file imports.
"""

import contextlib
import inspect
import itertools
import math
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from part3_backprop.solutions import Tensor as CourseTensor
from sklearn.datasets import load_digits

from coach import case, close, holds, judged, raises
from coach.judging.compare import OBSERVERS

FINE: dict[str, Any] = {"rtol": 1e-6, "atol": 1e-8}  # in float64


def noise(*shape: int, seed: int = 0, dtype: Any = np.float64) -> np.ndarray:
    """Normal random numbers, the same each time."""
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(dtype)


def beside(answer: Any, name: str) -> Any:
    """The class of this name in the learner's file: their own, or the one that the file imports."""
    answer = inspect.unwrap(answer)
    answer = getattr(answer, "func", answer)
    for part in getattr(answer, "__mro__", (answer,)):
        for function in (part, *vars(part).values()) if inspect.isclass(part) else (part,):
            found = getattr(inspect.unwrap(function), "__globals__", {}).get(name) if callable(function) else None
            if inspect.isclass(found) and hasattr(found, "backward") and not issubclass(found, torch.Tensor):
                return found
    return CourseTensor


def tensor_of(answer: Any) -> Any:
    """The engine that the learner's file imports."""
    return beside(answer, "Tensor")


def array_of(value: Any, words: str = "") -> np.ndarray:
    """The array inside a Tensor of the engine; a complaint where there is none."""
    zh, en = (
        f"{words}应当是引擎的 `Tensor`，得到 {type(value).__name__}",
        f"{words}should be the engine's `Tensor`, not {type(value).__name__}",
    )
    if not isinstance(getattr(value, "array", None), np.ndarray):
        holds(False, zh=zh, en=en)
        return np.asarray(np.nan)
    return value.array


def gradient_of(value: Any, zh: str, en: str) -> np.ndarray:
    """The gradient that reached a tensor of the engine."""
    holds(value.grad is not None, zh=f"没有梯度到达{zh}", en=f"no gradient reaches {en}")
    return np.asarray(np.nan) if value.grad is None else value.grad.array


def lean(function: Callable, *arrays: np.ndarray) -> None:
    """At most 30 times the memory of one input."""
    tracemalloc.start()
    try:
        function(*arrays)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    times = peak / arrays[0].nbytes
    zh = f"长的行上用了输入 {times:.0f} 倍的内存：不要造出雅可比矩阵"
    en = f"with long rows it takes {times:.0f} times the memory of its input: don't make the Jacobian"
    holds(times <= 30, zh=zh, en=en)


def leaf(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, requires_grad=True)


def slope(value: torch.Tensor) -> np.ndarray:
    assert value.grad is not None
    return value.grad.numpy()


# Checking gradients


@judged
def test_numerical_gradient(numerical_gradient):
    weights, seen = noise(2, 3, seed=1), []

    def cubic(x):
        seen.append(np.array(x))
        return (weights * x**3).sum() + x[0, 0] * x[1, 2]

    def exact(x, h):
        expected = weights * (3 * x**2 + h**2)
        expected[0, 0] += x[1, 2]
        expected[1, 2] += x[0, 0]
        return expected

    x = noise(2, 3)
    for h in (0.5, 0.1, 1e-3):
        close(numerical_gradient(cubic, x, h), exact(x, h), **FINE)
    close(numerical_gradient(cubic, x), exact(x, 0), rtol=1e-5, atol=1e-7)
    with case(zh="`f` 收到的数组", en="the arrays that `f` is given"):
        seen.clear()
        numerical_gradient(cubic, x, 0.25)
        differing = sorted((got != x).sum() if got.shape == x.shape else -1 for got in seen)
        zh, en = "应当与 `x` 形状相同，只有一个元素不同", "they should have the shape of `x`, and differ in one element"
        holds(set(differing) <= {0, 1}, zh=zh, en=en)
    with case(zh="输入为 float32 时", en="on float32"):
        single = x.astype(np.float32)
        close(numerical_gradient(cubic, single), exact(single.astype(np.float64), 0), rtol=1e-5, atol=1e-7)
    with case(zh="输入不连续时", en="on a non-contiguous input"):
        close(numerical_gradient(cubic, np.asfortranarray(x), h=0.1), exact(x, 0.1), **FINE)
    with case(zh="没有轴的输入", en="on an input without axes"):
        close(numerical_gradient(lambda x: x**2, np.array(3.0), 0.5), np.array(6.0), **FINE)
        close(numerical_gradient(lambda x: np.array(5 * float(x)), np.array(-2.0), 0.5), np.array(5.0), **FINE)
    with case(zh="空的输入", en="on an empty input"):
        close(numerical_gradient(lambda x: x.sum(), np.zeros((0, 3))), np.zeros((0, 3)))
    with case(zh="三个轴的输入", en="on three axes"):
        x = noise(2, 1, 3)
        close(numerical_gradient(lambda x: float((x**2).sum()), x, 0.1), 2 * x, **FINE)


@judged
def test_gradcheck(gradcheck):
    Tensor = tensor_of(gradcheck)
    x, y, row = noise(3, 4), noise(4, 2), noise(4)
    first, last = np.zeros((3, 4)), np.zeros((3, 4))
    first[0, 0] = last[-1, -1] = 1
    scale = np.where(last > 0, 0.01, 1000.0)
    detail = 0.005 * last  # half of the slope in the last place

    def detached(change):
        return lambda x, *others: Tensor(change(x.array))

    def softmax(x):
        exp = np.exp(x - x.max(axis=-1, keepdims=True))
        return exp / exp.sum(axis=-1, keepdims=True)

    right: list[tuple[str, str, Callable, list]] = [
        ("乘法", "multiplication", lambda x, y: x * y, [x, noise(3, 4, seed=2)]),
        ("广播", "broadcasting", lambda x, y: x * y, [x, row]),
        ("矩阵乘法", "a matrix product", lambda x, y: x @ y, [x, y]),
        ("一个数的输出", "an output without axes", lambda x: (x * x).sum(), [x]),
        ("softmax", "softmax", lambda x: x.exp() / x.exp().sum(dim=1, keepdim=True), [x]),
        ("很大的梯度", "large gradients", lambda x: (x * 2).exp() * 1e4, [x]),
        ("没有用到的输入", "an input that isn't used", lambda x, y: x.exp(), [x, y]),
        ("没有用到的第一个输入", "a first input that isn't used", lambda x, y: y.exp(), [x, y]),
        ("没有轴的输入", "an input without axes", lambda x: x.exp(), [np.array(0.5)]),
    ]
    for zh, en, f, inputs in right:
        with case(zh=f"对的梯度，{zh}", en=f"right gradients, {en}"):
            close(gradcheck(f, inputs), True)
    with case(zh="对的梯度，输入为 float32", en="right gradients, on float32"):
        close(gradcheck(lambda x: x.exp(), [x.astype(np.float32)]), True)
    with case(zh="对的梯度，输入在元组里", en="right gradients, inputs in a tuple"):
        close(gradcheck(lambda x, y: x - y, (x, row)), True)
    wrong: list[tuple[str, str, Callable, list]] = [
        ("少了一半", "half of it is missing", lambda x: x * x.array, [x]),
        ("完全没有", "there is none at all", detached(np.exp), [x]),
        ("输出之和总是 1", "the outputs always sum to 1", detached(softmax), [x]),
        ("大了百分之一", "it is one per cent too small", lambda x: x + Tensor(0.01 * x.array), [x]),
        ("小了百分之二", "it is two per cent too large", lambda x: x - Tensor(0.02 * x.array), [x]),
        ("只错在最后一个位置", "wrong in the last place only", lambda x: x + Tensor(0.05 * last * x.array), [x]),
        ("只错在第一个位置", "wrong in the first place only", lambda x: x + Tensor(0.05 * first * x.array), [x]),
        ("真正的是 0", "the true one is 0", lambda x: x - Tensor(x.array), [x]),
        ("只错在第二个输入", "wrong for the second input only", lambda x, y: x * y.array, [x, row]),
        ("只错在第一个输入", "wrong for the first input only", lambda x, y: y * x.array, [x, noise(3, 4, seed=2)]),
        ("很小的梯度", "a small gradient", detached(lambda x: 1e-3 * x), [x]),
        ("符号反了", "its sign is reversed", lambda x: Tensor(2 * x.array) - x, [x]),
        ("大的梯度之间一个小的", "a small one among large ones", lambda x: x * scale + Tensor(detail * x.array), [x]),
        ("少了一个输出", "one output is missing", lambda x: x * Tensor(1 - last) + Tensor(last * x.array), [x]),
    ]
    for zh, en, f, inputs in wrong:
        with case(zh=f"错的梯度，{zh}", en=f"wrong gradients, {en}"):
            close(gradcheck(f, inputs), False)
    for n in (5, 4):
        for i in range(n):
            at = np.arange(n) == i
            with case(zh=f"错的梯度，{n} 个输出，只错在第 {i} 个", en=f"wrong gradients, of output {i} of {n} only"):
                close(gradcheck(lambda x, at=at: x * Tensor(1.0 - at) + Tensor(at * x.array), [noise(n)]), False)
    with case(zh="给了 `h`", en="with a given `h`"):
        one = np.array([1.0])  # at h = 0.5 the quotient of x³ is 3.25
        for h in (0.5, 1e-4):
            close(gradcheck(lambda x: x * x * x, [one], h=h), h < 0.1)


# Without the Jacobian


@judged
def test_softmax_back(softmax_back):
    p, g = np.array([0.5, 0.25, 0.25]), np.array([4.0, 0, 0])
    close(softmax_back(g, p, np.log(p)), np.array([1.0, -0.5, -0.5]))  # by hand
    for shape in ((2, 3), (5,), (2, 3, 4), (1, 6), (4, 1), (3, 3)):
        for dtype in (np.float64, np.float32):
            x, g = 2 * noise(*shape, dtype=dtype), noise(*shape, seed=1, dtype=dtype)
            t = leaf(x)
            out = t.softmax(dim=-1)
            out.backward(torch.tensor(g))
            close(softmax_back(g, out.detach().numpy(), x), slope(t), rtol=1e-4, atol=1e-6)
    with case(zh="很大的分数", en="on large scores"):
        x, g = np.array([[900.0, -900, 899], [-1000, -1000, -1001]]), noise(2, 3, seed=3)
        t = leaf(x)
        t.softmax(dim=-1).backward(torch.tensor(g))
        close(softmax_back(g, torch.softmax(t, -1).detach().numpy(), x), slope(t), **FINE)
    x, g = noise(3, 2000), noise(3, 2000, seed=1)
    lean(softmax_back, g, torch.softmax(torch.tensor(x), -1).numpy(), x)


def layer_norm(x: np.ndarray, g: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Forward, and the gradient, by torch."""
    t = leaf(x)
    out = F.layer_norm(t, x.shape[-1:], eps=eps)
    out.backward(torch.tensor(g))
    return out.detach().numpy(), slope(t)


@judged
def test_layernorm_back(layernorm_back):
    x, g = np.array([1.0, 1, 5, 5]), np.array([4.0, 0, 0, 0])
    close(layernorm_back(g, (x - 3) / 2, x, 0.0), np.array([1.0, -1, 0, 0]))  # by hand
    for shape in ((2, 5), (7,), (2, 3, 4), (1, 6), (4, 4)):
        for dtype in (np.float64, np.float32):
            x, g = 1 + 2 * noise(*shape, dtype=dtype), noise(*shape, seed=1, dtype=dtype)
            out, expected = layer_norm(x, g, 1e-5)
            close(layernorm_back(g, out, x), expected, rtol=1e-3, atol=1e-5)
    for eps in (0.5, 3.0):
        with case(zh=f"eps = {eps}", en=f"with eps = {eps}"):
            x, g = noise(3, 4), noise(3, 4, seed=1)
            out, expected = layer_norm(x, g, eps)
            close(layernorm_back(g, out, x, eps), expected, **FINE)
            close(layernorm_back(g, out, x, eps=eps), expected, **FINE)
    with case(zh="一行里的数都相同", en="where all numbers of a row are the same"):
        x, g = np.array([[2.0, 2, 2], [1, 2, 4]]), noise(2, 3, seed=1)
        out, expected = layer_norm(x, g, 0.1)
        close(layernorm_back(g, out, x, 0.1), expected, **FINE)
    x, g = noise(3, 2000), noise(3, 2000, seed=1)
    lean(layernorm_back, g, layer_norm(x, g, 1e-5)[0], x)


def torch_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    t = leaf(logits)
    loss = F.cross_entropy(t, torch.tensor(labels).long())
    loss.backward()
    return loss.item(), slope(t)


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scores with their classes: several sizes and types, one example, far from 0."""
    yield noise(4, 3), np.array([2, 0, 0, 1])
    yield noise(1, 5), np.array([3])
    yield 3 * noise(6, 2, dtype=np.float32), np.array([1, 1, 0, 1, 0, 0])
    yield noise(3, 7, seed=1), np.array([6, 0, 6], dtype=np.int32)
    yield noise(2, 4) - 700, np.array([0, 3])
    yield np.array([[1000.0, 999], [-1000, -1001], [3, 2]]), np.array([1, 0, 0])
    yield np.array([[1000.0, -1000, 0], [-999, -1000, -1000], [0, 0, 1000]]), np.array([0, 1, 2])
    yield np.array([[0.0, 900, 5], [7, 7, 7]]), np.array([0, 2])


@judged
def test_cross_entropy_back(cross_entropy_back):
    logits = np.log([[1.0, 3], [1, 3]])
    close(cross_entropy_back(logits, np.array([1, 0])), np.array([[0.125, -0.125], [-0.375, 0.375]]))  # by hand
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for logits, labels in batches():
            expected = torch_cross_entropy(logits, labels)[1]
            close(cross_entropy_back(logits, labels), expected, rtol=1e-4, atol=1e-7)


# A network on the engine


@judged
def test_Parameter(Parameter):
    Tensor = tensor_of(Parameter)
    for array in (noise(2, 3), noise(4, dtype=np.float32), np.array(2.5)):
        p = Parameter(array)
        zh, en = "`Parameter` 应当也是 `Tensor`", "a `Parameter` should be a `Tensor`, too"
        holds(isinstance(p, Tensor), zh=zh, en=en)
        close(array_of(p), array)
        zh, en = (
            "参数里是数组的拷贝，应当是它本身",
            "the parameter holds a copy of the array instead of the array itself",
        )
        holds(p.array is array, zh=zh, en=en)
        close(p.requires_grad, True)
        holds(p.grad is None, zh="开始时 `.grad` 应当是 None", en="at first its `.grad` should be None")
        holds(p.recipe is None, zh="参数是叶子，没有 `recipe`", en="a parameter is a leaf, and has no `recipe`")
    for asked in (False, True):
        with case(zh=f"requires_grad={asked}", en=f"requires_grad={asked}"):
            close(Parameter(noise(2), requires_grad=asked).requires_grad, asked)
            close(Parameter(noise(2), asked).requires_grad, asked)
    p = Parameter(noise(2, 3))
    out = p * 2
    zh, en = "算出来的结果应当是普通的 `Tensor`", "what is computed should be a plain `Tensor`"
    holds(not isinstance(out, Parameter), zh=zh, en=en)
    weights = noise(2, 3, seed=1)
    (out * Tensor(weights)).sum().backward()
    close(gradient_of(p, "参数", "the parameter"), 2 * weights)
    other = Parameter(noise(2, 3, seed=2))
    holds(other.grad is None, zh="两个参数共用了梯度", en="two parameters share a gradient")


@judged
def test_Module(Module):
    Tensor, Parameter = tensor_of(Module), beside(Module, "Parameter")

    made = []  # keeps all alive: then no two have had the same `id`

    class Part(Module):
        def __init__(self, **attributes: Any) -> None:
            super().__init__()
            made.append(self)
            for name, value in attributes.items():
                setattr(self, name, value)

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            return args, kwargs

    a, b, c, d = (Parameter(np.ones(2)) for _ in range(4))  # equal, and yet four
    names = {id(p): name for p, name in zip((a, b, c, d), "abcd", strict=True)}

    def has(module: Any, expected: str, zh: str, en: str) -> None:
        with case(zh=zh, en=en):
            listed = itertools.islice(module.parameters(), 100)
            close(" ".join(sorted(names.get(id(p), "?") for p in listed)), " ".join(expected))

    has(Part(), "", "没有参数", "without parameters")
    has(Part(w=a, _hidden=b), "ab", "两个自己的参数", "with two of its own")
    has(Part(w=a, x=a), "a", "同一个参数用了两次", "with one parameter in two places")
    model = Part(w=a, first=Part(w=b), second=Part(inner=Part(deep=Part(w=c))))
    has(model, "abc", "子模块", "with submodules")
    has(model, "abc", "再问一次", "asked again")
    has(
        Part(first=Part(w=a), second=Part(w=a, x=b)),
        "ab",
        "两个子模块共享一个参数",
        "with one parameter in two submodules",
    )
    shared = Part(w=a)
    has(Part(first=shared, second=shared, x=b), "ab", "同一个子模块用了两次", "with one submodule in two places")
    frozen = Parameter(np.ones(2), False)
    names[id(frozen)] = "e"
    has(Part(w=a, x=frozen), "ae", "冻结的参数", "with a frozen parameter")
    one = np.ones(2)
    same_array = [Parameter(one), Parameter(one)]
    names |= {id(p): name for p, name in zip(same_array, "fg", strict=True)}
    has(
        Part(w=same_array[0], x=same_array[1]),
        "fg",
        "两个参数里是同一个数组",
        "with two parameters that hold one array",
    )
    others = {"t": Tensor(np.ones(2), requires_grad=True), "array": np.ones(2), "items": [c, Part(w=d)], "n": 3}
    has(Part(w=a, **others), "a", "别的属性", "with other attributes")
    has(Part(items=(Part(w=d),), table={"w": c}), "", "元组和字典里的", "with a tuple and a dictionary")

    alone = Part(w=a)
    alone.me = alone
    has(alone, "a", "指着自己的模块", "with a module that holds itself")
    parent, child = Part(w=a), Part(w=b)
    parent.child, child.parent = child, parent
    has(parent, "ab", "绕成圈的模块", "with modules in a circle")
    has(child, "ab", "绕成圈的模块，从里面问", "with modules in a circle, asked from inside")
    parent.me = parent
    has(parent, "ab", "绕成圈又指着自己的模块", "with modules in a circle, one of which holds itself")
    ring = [Part(w=p) for p in (a, b, c, d)]
    for i, module in enumerate(ring):
        module.next = ring[(i + 1) % 4]
    has(ring[0], "abcd", "四个模块绕成圈", "with four modules in a circle")
    has(Part(x=frozen, inner=ring[2]), "abcde", "四个模块在里面绕成圈", "with four modules in a circle inside")

    model = Part(w=a, inner=Part(w=b))
    model.w = c
    has(model, "bc", "换了新的参数", "after a parameter was replaced")
    model.inner = Part(w=d)
    has(model, "cd", "换了新的子模块", "after a submodule was replaced")
    model.w = None
    has(model, "d", "参数换成了 None", "after a parameter was set to None")
    model.inner = a
    has(model, "a", "子模块换成了参数", "after a submodule became a parameter")
    model.w = b
    model.inner = Part(w=c)
    has(model, "bc", "参数换成了子模块", "after a parameter became a submodule")
    del model.inner
    has(model, "b", "删掉了子模块", "after a submodule was deleted")
    del model.w
    has(model, "", "删掉了参数", "after a parameter was deleted")
    has(Part(w=a), "a", "另一个模块", "on another module")

    model = Part(w=a, inner=child, n=3)
    same = model.w is a and model.inner is child and model.n == 3
    holds(same, zh="从属性读出来的不是存进去的对象", en="what is read from an attribute isn't what was stored there")
    with case(zh="调用模块", en="called"):
        close(model(1, 2, factor=3), ((1, 2), {"factor": 3}))
        close(model(), ((), {}))


def agrees_with_torch(Tensor: Any, module: Any, theirs: Callable, x: np.ndarray, parameters: dict) -> None:
    """Forward and backward of a module on the engine; `parameters` are those of both, by name."""
    t, mine = leaf(x), Tensor(x.copy(), requires_grad=True)
    leaves = {name: leaf(p.array.copy()) for name, p in parameters.items()}
    for p in parameters.values():
        p.grad = None
    expected = theirs(t, **leaves)
    g = noise(*expected.shape, seed=5, dtype=x.dtype)
    expected.backward(torch.tensor(g))
    out = module(mine)
    tolerance: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-5} if x.dtype == np.float32 else FINE
    close(array_of(out), expected.detach().numpy(), **tolerance)
    close(mine.array, x, rtol=0, atol=0)
    if OBSERVERS and array_of(out).shape != g.shape:
        return
    (out * Tensor(g)).sum().backward()
    with case(zh="对输入的梯度", en="gradient of the input"):
        close(gradient_of(mine, "输入", "the input"), slope(t), **tolerance)
    for name, p in parameters.items():
        with case(zh=f"对 {name} 的梯度", en=f"gradient of {name}"):
            close(gradient_of(p, f" {name}", name), slope(leaves[name]), **tolerance)


def drawn_evenly(array: np.ndarray, bound: float, name: str) -> None:
    """Uniform between -bound and bound, each entry on its own."""
    spread, wanted = float(array.std()), bound / math.sqrt(3)
    zh = f"{name} 的初始值的标准差应约为 {wanted:.3f}，得到 {spread:.3f}"
    en = f"at first {name} should have a standard deviation of about {wanted:.3f}, not {spread:.3f}"
    holds(abs(spread / wanted - 1) < 0.08, zh=zh, en=en)
    if OBSERVERS:  # how much too large or too small
        close(round(3 * math.log2(max(spread, 1e-9) / wanted)), 0)
    zh, en = f"{name} 的初始值的均值应约为 0", f"at first {name} should have a mean of about 0"
    holds(abs(float(array.mean())) < 0.15 * wanted, zh=zh, en=en)
    inside = float(np.abs(array).max()) <= bound
    holds(inside, zh=f"{name} 的初始值超出了范围", en=f"at first {name} is out of bounds")
    alone = len(np.unique(array)) == array.size
    holds(alone, zh=f"{name} 的每个元素应当各自抽取", en=f"each entry of {name} is to be drawn on its own")


def filled(parameter: Any, *shape: int) -> None:
    """Numbers of the test's own, in place: then it doesn't matter which were drawn."""
    if array_of(parameter).shape == shape:
        parameter.array[...] = noise(*shape, seed=11)


@judged
def test_Linear(Linear):
    Tensor, Parameter, rng = tensor_of(Linear), beside(Linear, "Parameter"), np.random.default_rng
    layer = Linear(3, 2, rng(0))
    close(sorted(tuple(p.shape) for p in layer.parameters()), [(2,), (2, 3)])
    layer.weight, layer.bias = Parameter(np.array([[1.0, 0, 2], [0, 1, 0]])), Parameter(np.array([10.0, 20]))
    close(array_of(layer(Tensor(np.array([[1.0, 2, 3]])))), np.array([[17.0, 22]]))  # by hand
    for d_in, d_out, batch in ((3, 2, 4), (2, 5, 1), (4, 4, 3)):
        layer = Linear(d_in, d_out, rng(1))
        close(array_of(layer.weight).shape, (d_out, d_in))
        close(array_of(layer.bias).shape, (d_out,))
        filled(layer.weight, d_out, d_in)
        filled(layer.bias, d_out)
        parameters = {"weight": layer.weight, "bias": layer.bias}
        agrees_with_torch(Tensor, layer, F.linear, noise(batch, d_in), parameters)
    with case(zh="参数换成 float32 的", en="with float32 parameters"):
        layer.weight, layer.bias = Parameter(noise(4, 4, dtype=np.float32)), Parameter(noise(4, dtype=np.float32))
        parameters = {"weight": layer.weight, "bias": layer.bias}
        agrees_with_torch(Tensor, layer, F.linear, noise(2, 4, seed=1, dtype=np.float32), parameters)
    with case(zh="bias=False", en="with bias=False"):
        layer = Linear(3, 2, rng(0), bias=False)
        holds(layer.bias is None, zh="`layer.bias` 应当是 None", en="`layer.bias` should be None")
        close([tuple(p.shape) for p in layer.parameters()], [(2, 3)])
        filled(layer.weight, 2, 3)
        agrees_with_torch(Tensor, layer, F.linear, noise(4, 3), {"weight": layer.weight})
    with case(zh="初始值", en="first values"):
        layer = Linear(25, 400, rng(2))
        drawn_evenly(array_of(layer.weight), 0.2, "weight")
        drawn_evenly(array_of(layer.bias), 0.2, "bias")
        same, other = Linear(25, 400, rng(2)), Linear(25, 400, rng(3))
        zh, en = "种子相同，初始值却不同：用给你的 `rng`", "the same seed gives other values: draw with the `rng` given"
        again = all(np.array_equal(getattr(layer, n).array, getattr(same, n).array) for n in ("weight", "bias"))
        holds(again, zh=zh, en=en)
        zh, en = (
            "种子不同，初始值却相同：用给你的 `rng`",
            "another seed gives the same values: draw with the `rng` given",
        )
        holds(not np.array_equal(layer.weight.array, other.weight.array), zh=zh, en=en)


@judged
def test_ReLU(ReLU):
    Tensor, relu = tensor_of(ReLU), ReLU()
    close(array_of(relu(Tensor(np.array([[-1.0, 0, 2]])))), np.array([[0.0, 0, 2]]))
    for x in (noise(3, 4), noise(2, 1, 5), noise(4, dtype=np.float32)):
        agrees_with_torch(Tensor, relu, lambda t: t.relu(), x, {})
    close(len(list(relu.parameters())), 0)


@judged
def test_MLP(MLP):
    Tensor = tensor_of(MLP)

    def stacked(sizes):
        def forward(x, **parameters):
            for i in range(len(sizes) - 1):
                x = F.linear(x.relu() if i else x, parameters[f"w{i}"], parameters[f"b{i}"])
            return x

        return forward

    for sizes, batch in (([3, 5, 2], 6), ([4, 2], 3), ([2, 6, 5, 3], 1)):
        model = MLP(sizes, np.random.default_rng(0))
        shapes = {f"w{i}": (sizes[i + 1], sizes[i]) for i in range(len(sizes) - 1)}
        shapes |= {f"b{i}": (sizes[i + 1],) for i in range(len(sizes) - 1)}
        found = {tuple(p.shape): p for p in model.parameters()}
        with case(zh=f"{sizes} 的参数", en=f"parameters of {sizes}"):
            close(sorted(tuple(p.shape) for p in model.parameters()), sorted(shapes.values()))
        if not set(shapes.values()) <= set(found):
            continue  # in search of the likely mistake only
        for seed, p in enumerate(found.values()):
            p.array[...] = noise(*p.shape, seed=seed)
        parameters = {name: found[shape] for name, shape in shapes.items()}
        with case(zh=f"{sizes}", en=f"{sizes}"):
            agrees_with_torch(Tensor, model, stacked(sizes), noise(batch, sizes[0]), parameters)
    with case(zh="初始值", en="first values"):
        first, again = (MLP([3, 4, 4, 4, 2], np.random.default_rng(7)).parameters() for _ in range(2))
        same = all(np.array_equal(p.array, q.array) for p, q in zip(first, again, strict=True))
        zh, en = "种子相同，初始值却不同：用给你的 `rng`", "the same seed gives other values: draw with the `rng` given"
        holds(same, zh=zh, en=en)
        deep = list(MLP([3, 4, 4, 4, 2], np.random.default_rng(7)).parameters())
        close(len(deep), 8)
        squares = [p.array for p in deep if p.shape == (4, 4)]
        zh, en = "两层的初始值相同：各层依次从 `rng` 抽取", "two layers begin alike: draw them from `rng` in turn"
        holds(len(squares) == 2 and not np.array_equal(*squares), zh=zh, en=en)


@judged
def test_cross_entropy(cross_entropy):
    Tensor = tensor_of(cross_entropy)
    loss = cross_entropy(Tensor(np.log([[1.0, 3], [1, 3]])), np.array([1, 0]))
    close(array_of(loss), np.array((math.log(4 / 3) + math.log(4)) / 2))  # by hand
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for logits, labels in batches():
            expected, gradient = torch_cross_entropy(logits, labels)
            given = Tensor(logits.copy(), requires_grad=True)
            loss = cross_entropy(given, labels)
            close(array_of(loss), np.array(expected, dtype=logits.dtype), rtol=1e-4, atol=1e-6)
            close(given.array, logits, rtol=0, atol=0)
            holds(loss.requires_grad, zh="结果与 `logits` 断开了，没有梯度", en="the result is cut off from `logits`")
            (loss * 1.5).backward()
            with case(zh="对 logits 的梯度", en="gradient of the logits"):
                close(gradient_of(given, " logits", "the logits"), 1.5 * gradient, rtol=1e-4, atol=1e-6)


@contextlib.contextmanager
def switched_back(Tensor: Any) -> Iterator[None]:
    """Whatever happens, the engine keeps its account again afterwards."""
    before = Tensor.tracking
    try:
        yield
    finally:
        Tensor.tracking = before


@judged
def test_NoGrad(NoGrad):
    Tensor = tensor_of(NoGrad)

    def tracks(expected: bool, zh: str, en: str) -> None:
        x = Tensor(np.ones(2), requires_grad=True)
        out = x * 2
        with case(zh=zh, en=en):
            close({"tracking": bool(Tensor.tracking)}, {"tracking": expected})
            close({"recipe": out.recipe is not None}, {"recipe": expected})
            close({"requires_grad": out.requires_grad}, {"requires_grad": expected})

    def outer() -> None:
        with NoGrad():
            tracks(False, "里面", "inside")
            with NoGrad():
                tracks(False, "嵌套在里面", "nested inside")
            tracks(False, "里面的一个结束之后", "after the inner one")
        tracks(True, "出来之后", "afterwards")

    with switched_back(Tensor):
        Tensor.tracking = True
        made = NoGrad()
        tracks(True, "造出来、还没有进去", "made, and not entered")
        with made:
            tracks(False, "里面", "inside")
        tracks(True, "出来之后", "afterwards")
        Tensor.tracking = True
        outer()
    for error in (KeyError, ZeroDivisionError):
        with switched_back(Tensor):
            Tensor.tracking, came_out = True, False
            try:
                with NoGrad():
                    raise error("an error of the test's own")
            except error:
                came_out = True
            close({"error": came_out}, {"error": True})
            tracks(True, "里面出错之后", "after an error inside")
    with switched_back(Tensor):
        Tensor.tracking = False
        with NoGrad():
            tracks(False, "本来就关着，里面", "off before, inside")
        tracks(False, "本来就关着，出来之后", "off before, afterwards")
    for then, now in ((True, False), (False, True)):
        with switched_back(Tensor):
            Tensor.tracking = then
            made = NoGrad()
            Tensor.tracking = now
            with made:
                tracks(False, "先造好、开关拨过再进去，里面", "made before the switch was turned, inside")
            tracks(now, "先造好、开关拨过再进去，出来之后", "made before the switch was turned, afterwards")


@judged
def test_SGD(SGD):
    Tensor, Parameter = tensor_of(SGD), beside(SGD, "Parameter")

    def given(*seeds: int, dtype: Any = np.float64) -> list[Any]:
        parameters = [Parameter(noise(2, 3, seed=seed, dtype=dtype)) for seed in seeds]
        for p, seed in zip(parameters, seeds, strict=True):
            p.grad = Tensor(noise(2, 3, seed=seed + 100, dtype=dtype))
        return parameters

    p = Parameter(np.array([1.0, 2]))
    p.grad = Tensor(np.array([10.0, -10]))
    SGD([p], lr=0.1).step()
    close(array_of(p), np.array([0.0, 3]))  # by hand

    p, q = given(1, 2)
    arrays, before, grads = [x.array for x in (p, q)], [x.array.copy() for x in (p, q)], [p.grad.array, q.grad.array]
    optimiser = SGD((x for x in (p, q)), 0.3)
    for step in (1, 2):
        with case(zh=f"第 {step} 步，参数来自生成器", en=f"step {step}, with parameters from a generator"):
            optimiser.step()
            for x, start, g in zip((p, q), before, grads, strict=True):
                close(array_of(x), start - step * 0.3 * g, **FINE)
    zh, en = "参数里的数组换成了新的：要就地改", "the array inside is a new one: change it in place"
    holds(all(x.array is array for x, array in zip((p, q), arrays, strict=True)), zh=zh, en=en)
    if OBSERVERS:
        close(arrays, before)
    with case(zh="走过之后的梯度", en="the gradient after a step"):
        close(gradient_of(p, "参数", "the parameter"), noise(2, 3, seed=101), rtol=0, atol=0)
    zh, en = "走一步之后参数有了 `recipe`", "after a step a parameter has a `recipe`"
    holds(p.recipe is None and q.recipe is None, zh=zh, en=en)
    holds(p.requires_grad, zh="参数不再要梯度", en="a parameter wants no gradient any more")
    with case(zh="改了 lr", en="after lr was changed"):
        optimiser.lr = 2.0
        optimiser.step()
        close(array_of(q), before[1] - 2.6 * grads[1], **FINE)
    with case(zh="zero_grad", en="zero_grad"):
        value = p.array.copy()
        optimiser.zero_grad()
        zh, en = "`.grad` 应当是 None", "`.grad` should be None"
        holds(p.grad is None and q.grad is None, zh=zh, en=en)
        close(array_of(p), value, rtol=0, atol=0)
        optimiser.step()
        close(array_of(p), value, rtol=0, atol=0)
        optimiser.zero_grad()
    with case(zh="有的参数没有梯度", en="where a parameter has no gradient"):
        p, q, r = given(3, 4, 5)
        p.grad = None
        value, last = p.array.copy(), r.array - 0.5 * r.grad.array
        optimiser = SGD([p, q, r], 0.5)
        optimiser.step()
        close(array_of(p), value, rtol=0, atol=0)
        close(array_of(r), last, **FINE)
        optimiser.zero_grad()
        holds(r.grad is None, zh="`.grad` 应当是 None", en="`.grad` should be None")
    with case(zh="参数为 float32 时", en="on float32"):
        (p,) = given(6, dtype=np.float32)
        expected = p.array - np.float32(0.7) * p.grad.array
        SGD([p], 0.7).step()
        close(array_of(p), expected)
    with case(zh="反向之后", en="after backward"):
        p, x = Parameter(noise(3, seed=7)), noise(3, seed=8)
        expected, optimiser = p.array - 0.1 * x, SGD([p], 0.1)
        (p * Tensor(x)).sum().backward()
        optimiser.step()
        close(array_of(p), expected, **FINE)


class Spied:
    """A linear classifier of the engine's tensors that remembers what it is given."""

    def __init__(self, Tensor: Any, d: int, n: int) -> None:
        self.weight = Tensor(noise(d, n, seed=3), requires_grad=True)
        self.bias = Tensor(noise(n, seed=4), requires_grad=True)
        self.seen: list[np.ndarray] = []

    def parameters(self) -> Iterator[Any]:
        return iter([self.weight, self.bias])

    def __call__(self, x: Any) -> Any:
        self.seen.append(np.array(x.array))
        return x @ self.weight + self.bias


def by_torch(model: Spied, labels: dict, lr: float) -> tuple[list[float], list[np.ndarray]]:
    """The losses, and what the parameters become, on the batches that a fresh model of this kind has seen."""
    weight, bias, losses = leaf(noise(*model.weight.shape, seed=3)), leaf(noise(*model.bias.shape, seed=4)), []
    optimiser = torch.optim.SGD([weight, bias], lr=lr)
    for batch in model.seen:
        classes = torch.tensor([labels[tuple(row)] for row in batch])
        loss = F.cross_entropy(torch.tensor(batch) @ weight + bias, classes)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses, [weight.detach().numpy(), bias.detach().numpy()]


@judged(seconds=20)
def test_train(train):
    Tensor = tensor_of(train)
    x, y = noise(10, 4), np.array([2, 0, 1, 1, 2, 0, 0, 2, 1, 2])
    labels = {tuple(row): int(label) for row, label in zip(x, y, strict=True)}

    def run(batch_size: int, epochs: int, seed: int = 0, lr: float = 0.3) -> tuple[Spied, list[float]]:
        model = Spied(Tensor, 4, 3)
        return model, train(model, x, y, lr, epochs, batch_size, np.random.default_rng(seed))

    for batch_size in (10, 64):
        with case(zh=f"10 个样本，每批 {batch_size} 个", en=f"10 examples in batches of {batch_size}"):
            model, losses = run(batch_size, 5)
            close([len(batch) for batch in model.seen], [10] * 5)
            known = all(tuple(row) in labels for batch in model.seen for row in batch)
            holds(known, zh="模型收到的不是 `x` 的行", en="the model isn't given rows of `x`")
            expected, parameters = by_torch(model, labels, 0.3) if known else ([], [])
            close(losses, expected, rtol=1e-6, atol=1e-8)
            close([model.weight.array, model.bias.array], parameters, **FINE)
    for batch_size, epochs, lengths in ((4, 3, [4, 4, 2]), (1, 2, [1] * 10), (5, 2, [5, 5])):
        with case(zh=f"10 个样本，每批 {batch_size} 个", en=f"10 examples in batches of {batch_size}"):
            model, losses = run(batch_size, epochs)
            close([len(batch) for batch in model.seen], lengths * epochs)
            rows = [tuple(row) for batch in model.seen for row in batch]
            orders = [rows[i : i + 10] for i in range(0, len(rows), 10)]
            once = all(sorted(order) == sorted(labels) for order in orders)
            holds(
                once, zh="每一轮里每个样本应当恰好用一次", en="in each epoch each example should be used exactly once"
            )
            if not once:
                continue  # in search of the likely mistake only
            shuffled = orders[0] != list(labels)
            holds(shuffled, zh="没有打乱顺序", en="the examples aren't shuffled")
            holds(orders[0] != orders[1], zh="每一轮的顺序应当不同", en="every epoch should have another order")
            expected, parameters = by_torch(model, labels, 0.3)
            close(losses, expected, rtol=1e-6, atol=1e-8)
            close([model.weight.array, model.bias.array], parameters, **FINE)
    with case(zh="种子", en="the seed"):
        first, again, other = (run(4, 2, seed)[0].seen for seed in (5, 5, 6))
        same = all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
        holds(same, zh="种子相同，顺序却不同：只用 `rng`", en="the same seed gives another order: use `rng` alone")
        differ = not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
        holds(differ, zh="种子不同，顺序却相同：要用 `rng`", en="another seed gives the same order: use the `rng`")
    with case(zh="参数原来就有 `.grad`", en="where parameters have a `.grad` already"):
        model = Spied(Tensor, 4, 3)
        model.weight.grad, model.bias.grad = Tensor(noise(4, 3, seed=8)), Tensor(noise(3, seed=8))
        losses = train(model, x, y, 0.3, 1, 5, np.random.default_rng(1))
        expected, parameters = by_torch(model, labels, 0.3)
        close(losses, expected, rtol=1e-6, atol=1e-8)
        close([model.weight.array, model.bias.array], parameters, **FINE)
    with case(zh="手写数字", en="on the digits"):
        reads_digits(Tensor, train)


def reads_digits(Tensor: Any, train: Callable) -> None:
    """A network of the engine's tensors, trained, gets 92% of the held-out digits right."""
    pixels, classes = load_digits(return_X_y=True)
    held_out = np.arange(len(pixels)) % 5 == 0
    hidden, out = (Tensor(noise(*s, seed=9) / math.sqrt(s[0]), requires_grad=True) for s in ((64, 32), (32, 10)))

    class Network:
        def parameters(self) -> list[Any]:
            return [hidden, out]

        def __call__(self, x: Any) -> Any:
            return (x @ hidden).relu() @ out

    train(Network(), pixels[~held_out] / 16, classes[~held_out], 0.5, 8, 32, np.random.default_rng(0))
    scores = np.maximum(pixels[held_out] / 16 @ hidden.array, 0) @ out.array
    share = float((scores.argmax(axis=1) == classes[held_out]).mean())
    holds(share >= 0.92, zh=f"只对了 {share:.0%}，应当在 92% 以上", en=f"it gets {share:.0%} right, and should get 92%")


# The four equations


def pairs(*shape: int) -> Iterator[tuple[np.ndarray, Any]]:
    """z with its tolerance: float64, float32, and far from 0."""
    yield noise(*shape), FINE
    yield noise(*shape, dtype=np.float32), {"rtol": 1e-4, "atol": 1e-6}
    yield 40 * noise(*shape), FINE


@judged
def test_bp1(bp1):
    close(bp1(np.array([[8.0]]), np.array([[0.0]])), np.array([[2.0]]))
    for shape in ((4, 3), (1, 5), (3, 1), (2, 2)):
        for z, tolerance in pairs(*shape):
            grad_a, t = noise(*shape, seed=1, dtype=z.dtype), leaf(z)
            t.sigmoid().backward(torch.tensor(grad_a))
            close(bp1(grad_a, z), slope(t), **tolerance)


@judged
def test_bp2(bp2):
    delta, weight = np.array([[3.0, -1]]), np.array([[1.0, 0, 2], [0, 1, -1]])
    close(bp2(delta, weight, np.zeros((1, 3))), np.array([[0.75, -0.25, 1.75]]))  # by hand
    for batch, d_in, d_out in ((4, 3, 2), (1, 2, 5), (3, 1, 4), (3, 3, 3)):
        for z, tolerance in pairs(batch, d_in):
            delta, weight = noise(batch, d_out, seed=1, dtype=z.dtype), noise(d_out, d_in, seed=2, dtype=z.dtype)
            t = leaf(z)
            F.linear(t.sigmoid(), torch.tensor(weight)).backward(torch.tensor(delta))
            close(bp2(delta, weight, z), slope(t), **tolerance)


@judged
def test_bp3(bp3):
    close(bp3(np.array([[1.0, 2], [3, 4]])), np.array([4.0, 6]))
    for batch, d in ((4, 3), (1, 5), (3, 1), (2, 2)):
        for dtype in (np.float64, np.float32):
            delta, bias = noise(batch, d, dtype=dtype), leaf(noise(d, dtype=dtype))
            (torch.zeros(batch, d, dtype=bias.dtype) + bias).backward(torch.tensor(delta))
            close(bp3(delta), slope(bias), rtol=1e-5, atol=1e-7)


@judged
def test_bp4(bp4):
    close(bp4(np.array([[1.0, 2]]), np.array([[10.0]])), np.array([[10.0, 20]]))
    for batch, d_in, d_out in ((4, 3, 2), (1, 2, 5), (3, 1, 4), (3, 3, 3)):
        for dtype in (np.float64, np.float32):
            a, delta = noise(batch, d_in, dtype=dtype), noise(batch, d_out, seed=1, dtype=dtype)
            weight = leaf(noise(d_out, d_in, dtype=dtype))
            F.linear(torch.tensor(a), weight).backward(torch.tensor(delta))
            close(bp4(a, delta), slope(weight), rtol=1e-4, atol=1e-6)


@judged
def test_neuron_path(neuron_path):
    def expected(w, b, x, y, lr, steps, cost):
        parameters = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
        outputs = []
        for _ in range(steps + 1):
            a = (parameters[0] * x + parameters[1]).sigmoid()
            outputs.append(a.item())
            loss = (a - y) ** 2 / 2 if cost == "quadratic" else -(y * a.log() + (1 - y) * (1 - a).log())
            (grad,) = torch.autograd.grad(loss, parameters)
            parameters = (parameters - lr * grad).detach().requires_grad_()
        return outputs

    for cost in ("quadratic", "cross-entropy"):
        for w, b, x, y, lr, steps in (
            (0.0, 0.0, 1.0, 0.0, 1.0, 1),
            (2.0, 2.0, 1.0, 0.0, 0.15, 40),
            (0.6, -0.9, -1.7, 1.0, 0.5, 7),
            (0.3, 0.2, 2.5, 0.3, 4.0, 5),
            (1.0, -0.5, 0.0, 0.7, 0.3, 3),
            (-1.5, 0.4, 0.8, 1.0, 0.2, 0),
        ):
            got = neuron_path(w, b, x, y, lr, steps, cost)
            close(got, expected(w, b, x, y, lr, steps, cost), **FINE)
    with case(zh="`z` 很大，输出舍入成 0 或 1", en="where `z` is so large that outputs round to 0 or 1"):
        close(neuron_path(100.0, 0.0, 10.0, 1.0, 1.0, 2, "cross-entropy"), [1.0, 1.0, 1.0])
        close(neuron_path(-100.0, 0.0, 10.0, 0.0, 1.0, 1, "quadratic"), [0.0, 0.0])
        close(neuron_path(-80.0, 0.0, 10.0, 1.0, 9.0, 2, "cross-entropy"), [0.0, 1.0, 1.0])
        close(neuron_path(80.0, 0.0, 10.0, 0.0, 9.0, 2, "cross-entropy"), [1.0, 0.0, 0.0])
    for cost in ("mse", "", "Quadratic"):
        raises(ValueError, neuron_path, 0.0, 0.0, 1.0, 0.0, 1.0, 2, cost)
    with case(zh="不认识的 `cost`，零步", en="on an unknown `cost`, with no step"):
        raises(ValueError, neuron_path, 0.0, 0.0, 1.0, 0.0, 1.0, 0, "mse")


# Bigrams


@judged
def test_conditional_entropy(conditional_entropy):
    def expected(counts):
        total, surprise = float(counts.sum()), 0.0
        for row in counts.tolist():
            surprise += sum(n * math.log(sum(row) / n) for n in row if n)
        return surprise / total

    rng = np.random.default_rng(0)
    for counts in (
        np.array([[1, 3], [2, 2]]),
        rng.integers(1, 9, size=(5, 5)),
        rng.integers(0, 3, size=(6, 6)),
        np.array([[0, 0, 0], [4, 0, 1], [2, 5, 0]]),
        np.array([[0.0, 2.5, 1], [0, 0, 0], [0.5, 0, 0]]),
        np.array([[0, 7], [3, 0]]),
        np.array([[5]]),
    ):
        close(conditional_entropy(counts), expected(counts), rtol=1e-9, atol=1e-12)


@judged
def test_Bigram(Bigram):
    Tensor, Parameter, model = tensor_of(Bigram), beside(Bigram, "Parameter"), Bigram(4)
    close(array_of(model.weight), np.zeros((4, 4)))
    close([tuple(p.shape) for p in model.parameters()], [(4, 4)])
    close(model.weight.requires_grad, True)
    ids = np.array([2, 2, 0, 3, 2])
    for dtype in (np.float64, np.float32):
        with case(zh=f"权重换成 {dtype.__name__} 的", en=f"with {dtype.__name__} weights"):
            model.weight = Parameter(noise(4, 4, seed=1, dtype=dtype))
            weight, g = leaf(model.weight.array.copy()), noise(5, 4, seed=2, dtype=dtype)
            out = F.embedding(torch.tensor(ids), weight)
            out.backward(torch.tensor(g))
            got = model(ids)
            close(array_of(got), out.detach().numpy())
            if OBSERVERS and array_of(got).shape != g.shape:
                continue
            (got * Tensor(g)).sum().backward()
            with case(zh="梯度", en="gradient"):
                close(gradient_of(model.weight, "权重", "the weight"), slope(weight), rtol=1e-4, atol=1e-6)
    close(array_of(model(np.array([1]))), model.weight.array[[1]])
    with case(zh="就地改过的权重", en="after the weight was changed in place"):
        model.weight.array += 1
        close(array_of(model(np.array([3, 1]))), model.weight.array[[3, 1]])
    first, second = Bigram(2), Bigram(3)
    first.weight.array += 5
    close(array_of(second(np.array([0]))), np.zeros((1, 3)))
