"""One test per exercise of the tensor lesson; each is called from its cell, and collected by pytest."""

import functools
import math
import operator
import re
import statistics
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

import numpy as np
import torch
from beartype import beartype
from jaxtyping import Float, TypeCheckError, jaxtyped
from torch import Tensor, nn

from coach import calling, case, close, holds, judged, say, without


@judged
def test_flat_position(flat_position):
    close(flat_position((1, 2), (10, 3), 0), 16)
    close(flat_position((1, 2), (10, 3), 5), 21)
    block = torch.arange(100, 160)
    x = block.reshape(3, 4, 5).permute(2, 0, 1)[1:, :, 1:]
    for index in ((0, 0, 0), (3, 2, 1), (1, 0, 2)):
        close(flat_position(index, x.stride(), x.storage_offset()), int(x[index]) - 100)
    close(flat_position((5, 2), (0, 1), 3), 5)  # of an expanded tensor: one step of it walks nowhere
    close(flat_position((1, 2, 0, 1), (2, 40, 20, 10), 4), 96)
    close(flat_position((1, 0, 2, 1, 1, 3), (100, 7, 30, 9, 4, 1), 0), 176)
    with case(zh="很大的位置", en="a large position"):
        close(flat_position((4097, 3), (4096, 1), 2), 16_781_317)  # single precision can't hold it
    with case(zh="没有轴的张量", en="a tensor without axes"):
        close(flat_position((), (), 7), 7)


def parameter(module: nn.Module, name: str) -> nn.Parameter:
    """The parameter of that name, which must be registered and want gradients."""
    named = dict(module.named_parameters())
    zh = f"`{name}` 没有登记成参数（登记了 {sorted(named)}）：把张量包在 `nn.Parameter` 里，训练才能改动它"
    en = f"`{name}` is no registered parameter (they are {sorted(named)}): training changes only an `nn.Parameter`"
    holds(name in named, zh=zh, en=en)
    others = sorted(set(named) - {"scale", "shift"})
    holds(not others, zh=f"多出了参数 {others}", en=f"there are other parameters: {others}")
    zh, en = f"`{name}` 不要求梯度，不能训练", f"`{name}` doesn't require gradients, so it can't be trained"
    holds(named[name].requires_grad, zh=zh, en=en)
    return named[name]


@judged
def test_ScaleShift(ScaleShift):
    for d in (3, 1):
        module = ScaleShift(d)
        for name, wanted in (("scale", torch.ones(d)), ("shift", torch.zeros(d))):
            start = parameter(module, name).detach()
            with case(zh=f"`{name}` 的初值", en=f"`{name}` at the start"):
                close(start, wanted)
    module, x = ScaleShift(3), torch.tensor([[1.0, 2, -3], [0, 5, 4]])
    close(module(x), x)
    with torch.no_grad():
        parameter(module, "scale").copy_(torch.tensor([2.0, -1, 3]))
        parameter(module, "shift").copy_(torch.tensor([0.5, 10, 7]))
    y = module(x)
    close(y, torch.tensor([[2.5, 8, -2], [0.5, 5, 19]]))
    zh, en = "调用模块改动了输入 `x`", "a call of the module changes its input `x`"
    holds(torch.equal(x, torch.tensor([[1.0, 2, -3], [0, 5, 4]])), zh=zh, en=en)
    close(module(x[None, :, None]), torch.tensor([[[[2.5, 8, -2]], [[0.5, 5, 19]]]]))
    close(module(x[1]), torch.tensor([0.5, 5, 19]))
    with case(zh="输入是 float64，参数是 float32", en="an input in float64, parameters in float32"):
        wide = torch.tensor([1 + 1e-9, 1, 1 + 2e-9], dtype=torch.float64)
        wanted = torch.tensor([2.5 + 2e-9, 9, 10 + 6e-9], dtype=torch.float64)
        close(module(wide), wanted, rtol=0, atol=1e-10)
    close(ScaleShift(3)(x), x)  # each module has parameters of its own
    weights = torch.tensor([[1.0, 2, 3], [4, 5, 6]])
    if y.requires_grad:
        (y * weights).sum().backward()
    for name, wanted in (("scale", torch.tensor([1.0, 29, 15])), ("shift", torch.tensor([5.0, 7, 9]))):
        gradient = parameter(module, name).grad
        holds(gradient is not None, zh=f"没有梯度到达 `{name}`", en=f"no gradient reaches `{name}`")
        with case(zh=f"`{name}` 的梯度", en=f"the gradient of `{name}`"):
            close(gradient, wanted)
    y = module(x.requires_grad_())
    if y.requires_grad:
        (y * weights).sum().backward()
    zh, en = (
        "没有梯度到达输入 `x`：前面的层就学不到东西",
        "no gradient reaches the input `x`: layers before it could not learn",
    )
    holds(x.grad is not None, zh=zh, en=en)
    with case(zh="输入 `x` 的梯度", en="the gradient of the input `x`"):
        close(x.grad, torch.tensor([[2.0, -2, 9], [8, -5, 18]]))
    with case(zh="模块和输入都是 float64", en="module and input in float64"):
        near_one = torch.tensor([1 + 1e-9, 1, 1 + 2e-9], dtype=torch.float64)
        got = module.double()(near_one)
        close(got, torch.tensor([2.5 + 2e-9, 9, 10 + 6e-9], dtype=torch.float64), rtol=0, atol=1e-10)


def story() -> dict[str, list[float] | None]:
    """What really happens in STORY."""
    w, x = torch.tensor([1.0, 2], requires_grad=True), torch.tensor([3.0, 4])
    y = w * x
    y.sum().backward()
    with warnings.catch_warnings():  # torch warns of looking at the gradient of what is no leaf
        warnings.simplefilter("ignore")
        found = {name: plain(tensor.grad) for name, tensor in (("w", w), ("x", x), ("y", y))}
    (w * x).sum().backward()
    found["w, again"] = plain(w.grad)
    return found | {"w, cleared": None}  # by `set_to_none=True`, the default; to import torch.optim takes two seconds


@judged
def test_predict_gradients(predict_gradients):
    happened = story()
    predicted = predict_gradients()
    complete(predicted, happened)
    for name, gradient in happened.items():
        zh, en = f"`{name}` 的梯度不是", f"the gradient of `{name}` is not"
        shown, run = (
            repr(plain(predicted[name])),
            say(zh="：运行 `STORY`，看看它是什么", en=": run `STORY`, and see what it is"),
        )
        holds(alike(predicted[name], gradient), zh=f"{zh} {shown}{run}", en=f"{en} {shown}{run}")


def by_hand(step: Callable, *args: Any) -> None:
    """Calls `step`, which must make no optimiser of torch's, and leave gradients switched on."""

    def refused(*args: Any, **kwargs: Any) -> None:
        holds(False, zh="用了 `torch.optim`：这里要自己写", en="it uses `torch.optim`: here you write that yourself")

    with mock.patch.object(torch.optim.Optimizer, "__init__", refused), torch.enable_grad():
        step(*args)
        zh, en = "之后梯度仍是关着的", "gradients are still switched off afterwards"
        holds(torch.is_grad_enabled(), zh=zh, en=en)


@judged(skip=dict.fromkeys(("inputs", "repeat", "strided", "float64"), "it changes its arguments in place"))
def test_sgd_step(sgd_step):
    w, v = torch.tensor([1.0, -2], requires_grad=True), torch.tensor([[3.0]], requires_grad=True)
    w.grad, v.grad = torch.tensor([0.5, 4]), torch.tensor([[-2.0]])
    by_hand(sgd_step, [w, v], 0.1)
    close([w.detach(), v.detach()], [torch.tensor([0.95, -2.4]), torch.tensor([[3.2]])])
    for name, p, gradient in (("w", w, torch.tensor([0.5, 4])), ("v", v, torch.tensor([[-2.0]]))):
        kept(name, p, gradient)

    first, last = torch.tensor([7.0, 8], requires_grad=True), torch.tensor([-1.0], requires_grad=True)
    frozen, unused = torch.tensor([5.0]), torch.tensor([6.0, 4], requires_grad=True)  # neither has a gradient
    first.grad, last.grad = torch.tensor([2.0, -2]), torch.tensor([0.25])  # one that sums to 0
    by_hand(sgd_step, [first, frozen, unused, last], 2.0)
    with case(zh="没有梯度的参数在中间", en="parameters without a gradient in the middle"):
        close(
            [p.detach() for p in (first, frozen, unused, last)],
            [torch.tensor(v) for v in ([3.0, 12], [5.0], [6.0, 4], [-1.5])],
        )
        for name, p, gradient in (("first", first, torch.tensor([2.0, -2])), ("unused", unused, None)):
            kept(name, p, gradient)

    params = [torch.tensor([[1.0, 2, 3], [4, 5, 6]]).T.requires_grad_(), torch.tensor(2.0, requires_grad=True)]
    params.append(torch.tensor([1.0 + 1e-9], dtype=torch.float64, requires_grad=True))
    table, number, double = before = list(params)
    table.grad, number.grad = torch.tensor([[100.0, 0, 0], [-40, 1, 0]]).reshape(3, 2), torch.tensor(-50.0)
    double.grad = torch.tensor([0.5], dtype=torch.float64)
    views = [p.detach() for p in before]
    by_hand(sgd_step, params, 0.5)
    kept_list = len(params) == 3 and all(p is q for p, q in zip(params, before, strict=False))
    holds(kept_list, zh="列表 `params` 变了：只改参数的值", en="the list `params` has changed: change only the values")
    with case(
        zh="不连续的参数、没有轴的参数、float64 的参数", en="a non-contiguous, an axisless and a float64 parameter"
    ):
        expected = [torch.tensor([[-49.0, 4], [2, 25], [2.5, 6]]), torch.tensor(27.0)]
        close([table.detach(), number.detach()], expected)
        close(double.detach() - 0.75, torch.tensor([1e-9], dtype=torch.float64), rtol=1e-4, atol=0)
    with case(
        zh="参数的视图没有跟着变，所以不是就地", en="a view of the parameter doesn't follow, so it isn't in place"
    ):
        close(views, [p.detach() for p in before])
    sgd_step([], 0.1)
    with torch.no_grad():
        sgd_step([w], 0.1)
        zh, en = "调用之前没有记录计算图，之后却记录了", "graphs weren't recorded before the call, and are afterwards"
        holds(not torch.is_grad_enabled(), zh=zh, en=en)


def kept(name: str, p: Tensor, gradient: Tensor | None) -> None:
    """Raises `Wrong` unless the parameter is still a leaf that requires gradients, and has that gradient."""
    leaf = p.is_leaf and p.requires_grad
    zh, en = (
        f"参数 `{name}` 应当仍是要求梯度的叶子",
        f"the parameter `{name}` should still be a leaf that requires gradients",
    )
    holds(leaf, zh=zh, en=en)
    if gradient is None or p.grad is None:
        zh, en = (
            f"参数 `{name}` 的梯度变了：这一步不碰梯度",
            f"the gradient of the parameter `{name}` has changed: a step leaves gradients alone",
        )
        holds(p.grad is gradient, zh=zh, en=en)
    else:
        with case(zh=f"参数 `{name}` 的梯度不该变", en=f"the gradient of the parameter `{name}` should stay"):
            close(p.grad, gradient)


KINDS = {
    "the weight of a Linear layer": "parameter",
    "the learning rate": "hyperparameter",
    "the bias of a convolution": "parameter",
    "the number of layers": "hyperparameter",
    "the rows of an embedding": "parameter",
    "the batch size": "hyperparameter",
    "the running mean of a BatchNorm": "neither",
    "the probability of dropout": "hyperparameter",
    "the training pictures": "neither",
}


@judged
def test_parameter_or_hyperparameter(parameter_or_hyperparameter):
    predicted = parameter_or_hyperparameter()
    complete(predicted, KINDS)
    for quantity, kind in KINDS.items():
        zh, en = f"`{quantity}` 不是 {predicted[quantity]!r}", f"`{quantity}` is not {predicted[quantity]!r}"
        holds(predicted[quantity] == kind, zh=zh, en=en)


# Predictions: each expression is really run.


def plain(value: Any) -> Any:
    """Tensors and arrays as lists, tuples of them as lists, dtypes and errors by their names."""
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, torch.dtype | np.dtype | str):
        text = re.sub(r"^dtype\('(.*)'\)$", r"\1", str(value))
        return re.sub(r"^(torch|np|numpy)\.", "", text)
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, BaseException):
        return type(value).__name__
    return [plain(v) for v in value] if isinstance(value, list | tuple) else value


def alike(predicted: Any, happened: Any) -> bool:
    """Whether a prediction says what happened: numbers to two decimals, lists and tuples alike, 1 for True."""
    predicted = plain(predicted)
    if isinstance(happened, list):
        same_length = isinstance(predicted, list) and len(predicted) == len(happened)
        return same_length and all(map(alike, predicted, happened))
    if isinstance(happened, bool):
        return isinstance(predicted, bool | int) and predicted == happened
    if isinstance(happened, int | float):
        real = isinstance(predicted, int | float) and not isinstance(predicted, bool)
        return real and math.isclose(predicted, happened, rel_tol=0, abs_tol=5e-3 if isinstance(happened, float) else 0)
    return type(predicted) is type(happened) and predicted == happened


def told(right: bool, what: str, predicted: Any) -> None:
    """Raises `Wrong` if a prediction isn't right; what is right the learner finds out."""
    zh = f"`{what}` 不是 {plain(predicted)!r}：运行一下，看看它是什么"
    holds(right, zh=zh, en=f"`{what}` is not {plain(predicted)!r}: run it, and see what it is")


def complete(predicted: Any, wanted: Mapping[str, Any]) -> None:
    """Raises `Wrong` unless there is a prediction for each name, and for no other."""
    zh = f"应当返回一个字典，得到的是 {type(predicted).__name__}"
    holds(isinstance(predicted, Mapping), zh=zh, en=f"a dictionary is wanted, and this is a {type(predicted).__name__}")
    missing, others = [name for name in wanted if name not in predicted], [n for n in predicted if n not in wanted]
    holds(not missing, zh=f"字典里少了 {missing}", en=f"missing from the dictionary: {missing}")
    holds(not others, zh=f"字典里多了 {others}", en=f"not asked for in the dictionary: {others}")


def happens(expression: str, names: Mapping[str, Any]) -> Any:
    """What the expression gives; an error by its name."""
    try:
        return plain(eval(expression, {"np": np, "torch": torch} | dict(names)))
    except Exception as error:
        return type(error).__name__


def follows(expression: str) -> Any:
    """Whether its result follows when the array `a` and the tensor `x` are changed in place; an error by its name."""
    a, x = np.arange(4.0), torch.arange(4.0)
    try:
        result = eval(expression, {"np": np, "torch": torch, "a": a, "x": x})
    except Exception as error:
        return type(error).__name__
    before = plain(result)
    a += 1
    x += 1
    return plain(result) != before


HAPPENED: dict[tuple[str, ...], dict[str, list]] = {}  # it is the same every time


def judge_pairs(predict: Callable, pairs: Mapping[str, tuple[str, str]], run: Callable[[str], Any]) -> None:
    key = tuple(pairs)
    if key not in HAPPENED:
        HAPPENED[key] = {name: [run(expression) for expression in pair] for name, pair in pairs.items()}
    happened = HAPPENED[key]
    predicted = predict()
    complete(predicted, pairs)
    for name, pair in pairs.items():
        two = isinstance(predicted[name], tuple | list) and len(predicted[name]) == 2
        holds(
            two,
            zh=f"`{name}` 要写两个结果：NumPy 的和 PyTorch 的",
            en=f"`{name}` needs two results, NumPy's and PyTorch's",
        )
        for expression, guess, result in zip(pair, predicted[name], happened[name], strict=True):
            told(alike(guess, result), expression, guess)


@judged
def test_predict_dtypes(predict_dtypes):
    pairs = {
        "floats": ("np.array([1.5]).dtype", "torch.tensor([1.5]).dtype"),
        "quotient": ("(np.array([1]) / 2).dtype", "(torch.tensor([1]) / 2).dtype"),
        "mixed": ("(np.arange(2) + np.ones(2, np.float32)).dtype", "(torch.arange(2) + torch.ones(2)).dtype"),
        "crossing": ("torch.ones(2).numpy().dtype", "torch.from_numpy(np.ones(2)).dtype"),
        "mean": ("np.array([1, 2]).mean()", "torch.tensor([1, 2]).mean()"),
    }
    judge_pairs(predict_dtypes, pairs, lambda expression: happens(expression, {}))


@judged
def test_predict_numbers(predict_numbers):
    pairs = {
        "std": ("np.std(a)", "torch.std(x)"),
        "median": ("np.median(a)", "torch.median(x)"),
        "repeat": ("np.repeat(a, 2)", "x.repeat(2)"),
        "split": ("[len(p) for p in np.split(np.arange(6), 2)]", "[len(p) for p in torch.arange(6).split(2)]"),
        "size": ("np.ones((2, 3)).size", "torch.ones(2, 3).size()"),
    }
    a = np.array([1.0, 3.0])
    judge_pairs(predict_numbers, pairs, lambda expression: happens(expression, {"a": a, "x": torch.tensor(a)}))


@judged
def test_predict_calls(predict_calls):
    pairs = {
        "axis or dim": ("n.sum(dim=0)", "t.sum(axis=0)"),
        "max": ("n.max(axis=1)", "t.max(dim=1)"),
        "cumsum": ("np.cumsum(n)", "torch.cumsum(t)"),
        "dot": ("np.dot(n, n)", "torch.dot(t, t)"),
        "nonzero": ("np.nonzero(n > 1)", "torch.nonzero(t > 1)"),
        "sort": ("np.array([3, 1, 2]).sort()", "torch.tensor([3, 1, 2]).sort()"),
    }
    n = np.array([[1, 2], [3, 4]])
    judge_pairs(predict_calls, pairs, lambda expression: happens(expression, {"n": n, "t": torch.tensor(n)}))


@judged
def test_predict_memory(predict_memory):
    pairs = {
        "flip": ("np.flip(a)", "torch.flip(x, [0])"),
        "backwards": ("a[::-1]", "x[::-1]"),
        "same dtype": ("a.astype(a.dtype)", "x.to(x.dtype)"),
        "one element": ("a[0]", "x[0]"),
        "from NumPy": ("torch.tensor(a)", "torch.from_numpy(a)"),
    }
    judge_pairs(predict_memory, pairs, follows)


NUMPY = {"numpy", "array", "asarray", "from_numpy", "as_tensor"}


@judged
def test_port_summary(port_summary):
    a = np.array([[1.0, 2, 3, 10], [4, 0, -2, 6]], dtype=np.float32)
    expected = torch.tensor([[10, math.sqrt(12.5), 2.5], [6, math.sqrt(10), 2]])  # by hand
    close(port_summary(torch.tensor(a)), expected)
    odd = torch.tensor([[-1.0, -7, -3], [5, 5, 2]])
    with case(zh="每行的个数是奇数", en="an odd number in each row"):
        close(port_summary(odd), torch.tensor([[-1, math.sqrt(56) / 3, -3], [5, math.sqrt(2), 5]]))
    random = np.random.default_rng(0).normal(size=(5, 6))
    cases = (
        ("随机数", "random values", random),
        ("只有一行", "a single row", random[:1]),
        ("离 0 很远的数", "values far from 0", random + 3000),
        ("很小的数", "small values", random / 10_000),
    )
    for zh, en, values in cases:
        a = values.astype(np.float32)
        exact = a.astype(np.float64)
        expected = np.stack([exact.max(axis=1), exact.std(axis=1), np.median(exact, axis=1)], axis=1)
        with case(zh=zh, en=en):
            close(port_summary(torch.tensor(a)), torch.tensor(expected.astype(np.float32)), rtol=1e-3, atol=1e-8)
    without(NUMPY, port_summary, odd)


@judged
def test_port_mirror(port_mirror):
    close(port_mirror(torch.tensor([[[1.0, 2], [3, 4]]])), torch.tensor([[[2.0, 1], [2, 1], [4, 3], [4, 3]]]))
    a = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    expected = np.repeat(a[:, :, ::-1], 2, axis=1)
    close(port_mirror(torch.tensor(a)), torch.tensor(expected))
    without(NUMPY, port_mirror, torch.tensor(a))


@judged
def test_normalize_rows(normalize_rows):
    close(normalize_rows(torch.tensor([[3.0, 4], [-5, 12]])), torch.tensor([[0.6, 0.8], [-5 / 13, 12 / 13]]))
    close(normalize_rows(torch.tensor([[0.0, 0, 0], [0, -2, 0]])), torch.tensor([[0.0, 0, 0], [0, -1, 0]]))
    with case(zh="和为 0、却不全是 0 的行", en="a row that sums to 0 and isn't zero"):
        close(normalize_rows(torch.tensor([[4.0, 0, -4, 0]])), torch.tensor([[math.sqrt(0.5), 0, -math.sqrt(0.5), 0]]))
    with case(zh="比 1 短的行", en="a row shorter than 1"):
        close(normalize_rows(torch.tensor([[0.3, -0.4], [0.01, 0]])), torch.tensor([[0.6, -0.8], [1, 0]]))
    torch.manual_seed(0)
    matrix = torch.randn(4, 7)
    expected = torch.tensor([[x / math.hypot(*row) for x in row] for row in matrix.tolist()])
    close(normalize_rows(matrix), expected)
    with case(zh="很短的行", en="very short rows"):
        close(normalize_rows(expected * 1e-7), expected)
        close(normalize_rows(expected * 3e-9), expected, rtol=1e-3)
        tiny = torch.tensor([[3e-11, -4e-11, 0], [-5e-10, 0, 1.2e-9]])
        close(normalize_rows(tiny), torch.tensor([[0.6, -0.8, 0], [-5 / 13, 0, 12 / 13]]))
    with case(zh="很长的行", en="very long rows"):
        close(normalize_rows(expected * 1e7), expected)
        close(normalize_rows(torch.tensor([[3e14, -4e14]])), torch.tensor([[0.6, -0.8]]))
    with case(zh="float64 的误差，乘 1e10", en="the error in float64, times 1e10"):
        exact = torch.tensor([[x / math.hypot(*row) for x in row] for row in matrix.tolist()], dtype=torch.float64)
        close((normalize_rows(matrix.double()) - exact) * 1e10, torch.zeros(4, 7, dtype=torch.float64), atol=0.1)


@judged
def test_cos_sim_matrix(cos_sim_matrix):
    close(cos_sim_matrix(torch.tensor([[3.0, 4], [8, -6]])), torch.tensor([[1.0, 0], [0, 1]]))
    close(cos_sim_matrix(torch.tensor([[3.0, 4], [0, 0]])), torch.tensor([[1.0, 0], [0, 0]]))
    torch.manual_seed(0)
    for m, n in ((4, 6), (5, 2), (1, 3)):
        matrix = torch.randn(m, n)
        lists = matrix.tolist()
        cosines = [[math.fsum(map(operator.mul, a, b)) / math.hypot(*a) / math.hypot(*b) for b in lists] for a in lists]
        close(cos_sim_matrix(matrix), torch.tensor(cosines))
        unit = matrix / torch.tensor([[math.hypot(*a)] for a in lists])
        with case(zh="很短的行", en="very short rows"):
            close(cos_sim_matrix(unit * 1e-7), torch.tensor(cosines))
        double = matrix.double()
        exact = torch.tensor(cosines, dtype=torch.float64)
        with case(zh="float64 的误差，乘 1e10", en="the error in float64, times 1e10"):
            close((cos_sim_matrix(double) - exact) * 1e10, torch.zeros(m, m, dtype=torch.float64), atol=0.1)
    with case(zh="长度只有 5e-11 的行", en="rows of length 5e-11"):
        tiny = torch.tensor([[3e-11, 4e-11], [4e-11, -3e-11], [4e-11, 3e-11]])
        close(cos_sim_matrix(tiny), torch.tensor([[1, 0, 0.96], [0, 1, 0.28], [0.96, 0.28, 1]]))
    with case(zh="和为 0、却不全是 0 的行", en="rows that sum to 0 and aren't zero"):
        close(
            cos_sim_matrix(torch.tensor([[2.0, -2], [5, 0]])), torch.tensor([[1, math.sqrt(0.5)], [math.sqrt(0.5), 1]])
        )


RANDOM: dict[str, str] = dict.fromkeys(("repeat", "strided", "float64"), "random: another call gives other samples")


@judged(skip=RANDOM)
def test_sample_distribution(sample_distribution):
    n = 20_000
    for probs in ([0.1, 0.0, 0.6, 0.3], [0.0, 0.5, 0.25, 0.25, 0.0], [0.9, 0.004, 0.096]):
        torch.manual_seed(0)
        samples = sample_distribution(torch.tensor(probs), n).tolist()
        holds(
            min(samples) >= 0 and max(samples) < len(probs),
            zh="有的样本不在 0 到 k-1 之间",
            en="a sample isn't in 0..k-1",
        )
        for category, p in enumerate(probs):
            share, slack = samples.count(category) / n, 5 * math.sqrt(p * (1 - p) / n)  # five standard deviations
            for wrong, zh, en in ((share > p + slack, "多", "often"), (share < p - slack, "少", "rarely")):
                holds(
                    not wrong,
                    zh=f"{probs}：第 {category} 类太{zh}了，占 {share:.2f}",
                    en=f"{probs}: category {category} comes too {en}, {share:.2f} of all",
                )
        pairs = sum(p * p for p in probs)
        repeats = sum(a == b for a, b in zip(samples, samples[1:], strict=False)) / (n - 1)
        independent = abs(repeats - pairs) <= 8 * math.sqrt(pairs * (1 - pairs) / n)  # pairs that overlap vary more
        holds(
            independent,
            zh="相邻的样本不独立：顺序也要随机",
            en="neighbouring samples depend on each other: their order is random, too",
        )
    torch.manual_seed(0)
    a, b = (sample_distribution(torch.full((8,), 1 / 8), 100).tolist() for _ in range(2))
    holds(a != b, zh="两次调用给出同样的样本", en="two calls give the same samples")
    probs, n = torch.tensor([0.3, 0.7]), 40
    counts = [sample_distribution(probs, n).sum().item() for _ in range(400)]
    spread = statistics.variance(counts) / (n * 0.3 * 0.7)  # 1 for independent draws; over 400 calls its own is 0.07
    holds(
        0.65 < spread < 1.35,
        zh="每次调用里各类的个数太固定，或者变得太厉害：每次抽样都要互不相干",
        en="from call to call the counts vary too little, or too much: each draw must be by itself",
    )
    with case(zh="几千类的概率都是 0", en="with thousands of categories of probability 0"):
        probs = torch.zeros(3000)
        probs[[0, -1]] = torch.tensor([0.25, 0.75])
        holds(
            set(sample_distribution(probs, 300).tolist()) == {0, 2999},
            zh="抽中了概率为 0 的类，或者漏掉了一类",
            en="a category of probability 0 is drawn, or another never",
        )
    close(sample_distribution(torch.tensor([1.0]), 3).tolist(), [0, 0, 0])
    close(sample_distribution(torch.tensor([0.0, 1.0, 0.0]), 1).tolist(), [1])
    four = torch.full((4,), 1 / 4)
    zh = "只抽 4 次，从没有一类出现两次：抽出的要放回去"
    en = "of 4 draws no category ever comes twice: put back what is drawn"
    holds(any(len(set(sample_distribution(four, 4).tolist())) < 4 for _ in range(60)), zh=zh, en=en)
    judge_last_end(sample_distribution)


def judge_last_end(sample_distribution: Callable) -> None:
    """The last right end is below 1, by rounding, and the first numbers of `torch.rand` lie above it."""
    draw, calls = torch.rand, []

    def largest_first(*args: Any, **kwargs: Any) -> Tensor:
        calls.append(args)
        numbers = draw(*args, **kwargs)
        return numbers.fill_(1 - 2**-24) if len(calls) == 1 else numbers

    with mock.patch.object(torch, "rand", largest_first):
        samples = sample_distribution(torch.tensor([0.3333333, 0.3333333, 0.3333333, 0.0]), 5).tolist()
    zh = "随机数比最后一个右端还大时，抽中了概率为 0 的类，或者编号超出了 k-1"
    en = "where a random number passes the last end, a category of probability 0 comes, or one above k-1"
    holds(set(samples) <= {0, 1, 2}, zh=zh, en=en)


@judged(skip={"float64": "an accuracy is float32, whatever the scores are"})
def test_classifier_accuracy(classifier_accuracy):
    scores = torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.3, 0.1], [0.8, 0.0, 0.5]])
    close(classifier_accuracy(scores, torch.tensor([0, 1, 2])), torch.tensor(2 / 3))
    scores = torch.tensor([[-1.0, -5], [-3, -2], [0, 4], [7, 6], [2, 1]])
    close(classifier_accuracy(scores, torch.tensor([1, 0, 1, 1, 1])), torch.tensor(0.2))
    close(classifier_accuracy(scores[:1], torch.tensor([0])), torch.tensor(1.0))
    scores = torch.tensor([[1.0, 2, 9, 3], [8, 1, 3, 2], [0, -1, -2, 5]])
    close(classifier_accuracy(scores, torch.tensor([2, 3, 1])), torch.tensor(1 / 3))
    close(classifier_accuracy(scores[:2] / 10, torch.tensor([1, 1])), torch.tensor(0.0))
    with case(zh="最高的两个分数只差一点点", en="two scores that are almost equal"):
        close(
            classifier_accuracy(torch.tensor([[0.0, 1e-9, -3], [50, 49, 50.00001]]), torch.tensor([1, 2])),
            torch.tensor(1.0),
        )
    with case(zh="分数是 float64", en="scores in float64"):
        close(classifier_accuracy(scores.double(), torch.tensor([2, 3, 1])), torch.tensor(1 / 3))
        nearly = torch.tensor([[1, 1 + 1e-9, 0.5], [1 - 1e-10, 0, 1]], dtype=torch.float64)
        close(classifier_accuracy(nearly, torch.tensor([1, 2])), torch.tensor(1.0))


IN_DOUBLE = "float64，要求准到九位", "in float64, to nine digits"  # float32 has seven
NEAR_ONE = torch.tensor([[1 + 1e-9, 1 - 2e-9], [1 + 3e-9, 1]], dtype=torch.float64)


def judge_prices(total: Callable) -> None:
    prices = torch.tensor([0.5, 3, 1.25, 7, 2])
    for items, expected in (([0, 0, 1, 4, 4, 3], 15.0), ([4, 2, 4], 5.25), ([3], 7.0), ([0, 0], 1.0), ([], 0.0)):
        with case(zh=f"items = {items}", en=f"items = {items}"):
            got = total(prices, torch.tensor(items, dtype=torch.int64))
            zh, en = "返回的是张量，要的是 Python 的数", "a tensor comes back, and a Python number is wanted"
            holds(not isinstance(got, Tensor), zh=zh, en=en)
            close(got, expected)
    close(total(torch.tensor([-4.0, 0.25]), torch.tensor([1, 0])), -3.75)
    with case(zh="价格的小数不止两位", en="prices of more than two decimals"):
        close(total(torch.tensor([0.00123, 2.5]), torch.tensor([0, 0, 0])), 0.00369, atol=1e-8)
        close(total(torch.tensor([4099.0, 0.40625]), torch.tensor([0, 1])), 4099.40625, rtol=1e-6)
    with case(zh=IN_DOUBLE[0], en=IN_DOUBLE[1]):
        double = torch.tensor([1 + 1e-8, 2 - 3e-8], dtype=torch.float64)
        close(total(double, torch.tensor([1, 0])), 3 - 2e-8, rtol=1e-9)


@judged
def test_total_price_indexing(total_price_indexing):
    judge_prices(total_price_indexing)


@judged
def test_total_price_gather(total_price_gather):
    judge_prices(total_price_gather)
    calling("gather", total_price_gather, torch.tensor([1.0, 2, 4]), torch.tensor([2, 0]))


@judged
def test_gather_2d(gather_2d):
    matrix = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    indexes = torch.tensor([[0, 1], [2, 2], [1, 0]])
    close(gather_2d(matrix, indexes), torch.tensor([[1.0, 2], [6, 6], [8, 7]]))
    torch.manual_seed(0)
    for m, n, k in ((3, 5, 7), (4, 3, 1), (5, 6, 5), (1, 4, 2)):
        matrix, indexes = torch.randn(m, n), torch.randint(n, (m, k))
        close(gather_2d(matrix, indexes), torch.tensor([[matrix[i, j].item() for j in indexes[i]] for i in range(m)]))
    with case(zh=IN_DOUBLE[0], en=IN_DOUBLE[1]):
        close(gather_2d(NEAR_ONE, torch.tensor([[1], [0]])), NEAR_ONE[[0, 1], [1, 0]][:, None], rtol=0, atol=1e-10)


@judged
def test_integer_array_indexing(integer_array_indexing):
    matrix = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    close(integer_array_indexing(matrix, torch.tensor([[0, 1], [2, 0], [0, 1], [1, 2]])), torch.tensor([2.0, 7, 2, 6]))
    torch.manual_seed(0)
    cube = torch.randn(2, 3, 4)
    coords = torch.tensor([[1, 2, 3], [0, 0, 1], [1, 0, 2], [0, 2, 0], [1, 1, 1]])
    expected = torch.tensor([cube.tolist()[i][j][k] for i, j, k in coords.tolist()])
    close(integer_array_indexing(cube, coords), expected)
    close(integer_array_indexing(torch.tensor([3.0, 5]), torch.tensor([[1], [1], [0]])), torch.tensor([5.0, 5, 3]))
    four = torch.randn(3, 2, 5, 4)
    coords = torch.tensor([[2, 1, 4, 3], [0, 1, 3, 0]])
    close(
        integer_array_indexing(four, coords),
        torch.tensor([four.tolist()[i][j][k][n] for i, j, k, n in coords.tolist()]),
    )
    close(integer_array_indexing(torch.randn(4, 6).fill_(2), torch.tensor([[3, 5]])), torch.tensor([2.0]))
    with case(zh=IN_DOUBLE[0], en=IN_DOUBLE[1]):
        coords = torch.tensor([[1, 0], [0, 1]])
        close(integer_array_indexing(NEAR_ONE, coords), NEAR_ONE[[1, 0], [0, 1]], rtol=0, atol=1e-10)
    six = torch.arange(96.0).reshape(2, 2, 3, 2, 2, 2)
    with case(zh="六个轴", en="six axes"):
        close(
            integer_array_indexing(six, torch.tensor([[1, 0, 2, 1, 0, 1], [0, 1, 1, 0, 1, 0]])),
            torch.tensor([69.0, 34]),
        )


@judged
def test_collect_rows(collect_rows):
    matrix = torch.arange(9.0).reshape(3, 3)
    close(collect_rows(matrix, torch.tensor([2, 0, 2])), torch.tensor([[6.0, 7, 8], [0, 1, 2], [6, 7, 8]]))
    matrix = torch.arange(20.0).reshape(5, 4)
    close(collect_rows(matrix, torch.tensor([4, 1])), torch.tensor([[16.0, 17, 18, 19], [4, 5, 6, 7]]))
    close(
        collect_rows(matrix[:2, :3], torch.tensor([1, 1, 0, 1])),
        torch.tensor([[4.0, 5, 6], [4, 5, 6], [0, 1, 2], [4, 5, 6]]),
    )
    close(collect_rows(matrix, torch.tensor([3])), torch.tensor([[12.0, 13, 14, 15]]))
    close(collect_rows(matrix, torch.tensor([0])), torch.tensor([[0.0, 1, 2, 3]]))
    with case(zh=IN_DOUBLE[0], en=IN_DOUBLE[1]):
        close(collect_rows(NEAR_ONE, torch.tensor([1, 0, 1])), NEAR_ONE[[1, 0, 1]], rtol=0, atol=1e-10)


@judged
def test_collect_columns(collect_columns):
    matrix = torch.arange(9.0).reshape(3, 3)
    close(collect_columns(matrix, torch.tensor([2, 0, 2])), torch.tensor([[2.0, 0, 2], [5, 3, 5], [8, 6, 8]]))
    matrix = torch.arange(8.0).reshape(2, 4)
    close(collect_columns(matrix, torch.tensor([3, 3, 1])), torch.tensor([[3.0, 3, 1], [7, 7, 5]]))
    matrix = torch.arange(15.0).reshape(5, 3)
    close(collect_columns(matrix, torch.tensor([1])), torch.tensor([[1.0], [4], [7], [10], [13]]))
    close(collect_columns(matrix[:2], torch.tensor([0, 0])), torch.tensor([[0.0, 0], [3, 3]]))
    close(collect_columns(matrix[:1], torch.tensor([2, 0])), torch.tensor([[2.0, 0]]))
    with case(zh=IN_DOUBLE[0], en=IN_DOUBLE[1]):
        close(collect_columns(NEAR_ONE, torch.tensor([1, 0, 1])), NEAR_ONE[:, [1, 0, 1]], rtol=0, atol=1e-10)


READY_MADE = {"logsumexp", "logcumsumexp", "logaddexp", "logaddexp2", "softmax", "softmin", "log_softmax"}
READY_MADE |= {"nll_loss", "cross_entropy"}


def extreme() -> dict[str, Tensor]:
    """Logits that overflow, underflow, and both in one batch; and some so large that a logsumexp is rounded coarsely."""
    up, down = torch.tensor([[1000.0, 1001, 998]]), torch.tensor([[-1000.0, -1001, -1003]])
    far = torch.tensor([[1000.0, -1000, 0], [-1000, 0, 1000], [0, 1000, -1000]])
    huge = torch.tensor([[1e6, 1e6 + 1, 1e6 - 0.5], [-1e6, -1e6 - 2, -1e6 + 0.25]])
    wide = torch.tensor([[-1e6, 1e6, 1e6 + 1]])
    return {"up": up, "down": down, "both": torch.cat([up, down, far]), "huge": huge, "wide": wide}


def gradient(function: Callable, logits: Tensor, *labels: Tensor) -> Tensor:
    """The gradient of the logits, where the results are weighted unequally."""
    x = logits.clone().requires_grad_()
    result = function(x, *labels)
    zh, en = "结果与输入断开了，没有梯度", "the result is cut off from its input: no gradient"
    holds(result.requires_grad, zh=zh, en=en)
    weights = torch.linspace(0.5, 2, result.numel(), dtype=result.dtype).reshape(result.shape)
    (result * weights).sum().backward()
    holds(x.grad is not None, zh=zh, en=en)
    return x.grad  # type: ignore


def judge_gradient(function: Callable, torchs: Callable, *labels: Tensor) -> None:
    """Holds the gradient against that of torch's own function, at ordinary logits and at extreme ones."""
    for zh, en, logits in (
        ("梯度", "its gradient", torch.tensor([[0.5, -1, 2], [1, 3, -2], [0, 1, 0.25]])),
        ("分数很大时的梯度", "its gradient where scores are large", extreme()["both"][[0, 1, 3]]),
    ):
        expected = gradient(torchs, logits.double(), *labels).float()
        with case(zh=zh, en=en):
            close(gradient(function, logits, *labels), expected, rtol=1e-3)


def judge_double(function: Callable, torchs: Callable, *labels: Tensor) -> None:
    """Whether nothing is cut, added or rounded on the way: in float64 that would show."""
    logits = torch.tensor([[0.5, -9, 2], [-14, 3, -2], [0, 1, -25]], dtype=torch.float64)
    with case(zh="float64，要求准到九位", en="in float64, to nine digits"):
        close(function(logits, *labels), torchs(logits, *labels), rtol=1e-9, atol=1e-14)


SMALL = torch.tensor([[0.0, math.log(3)], [math.log(5), 0.0]])  # exponentials 1, 3 and 5, 1


@judged(gradients="matrix")
def test_batched_logsumexp(batched_logsumexp):
    close(batched_logsumexp(SMALL), torch.tensor([math.log(4), math.log(6)]))
    for logits in extreme().values():
        expected = torch.logsumexp(logits.double(), dim=1).float()
        close(batched_logsumexp(logits), expected)
    torch.manual_seed(0)
    logits = torch.randn(4, 6) * 3
    expected = torch.tensor([math.log(math.fsum(map(math.exp, row))) for row in logits.tolist()])
    close(batched_logsumexp(logits), expected)
    close(batched_logsumexp(logits[:1, :1]), logits[0, :1])
    judge_gradient(batched_logsumexp, lambda x: torch.logsumexp(x, dim=1))
    judge_double(batched_logsumexp, lambda x: torch.logsumexp(x, dim=1))
    with case(zh="单精度里最大的数", en="the largest numbers of single precision"):
        close(batched_logsumexp(torch.tensor([[3e38, -3e38], [-3e38, -3e38]])), torch.tensor([3e38, -3e38]))
    without(READY_MADE, batched_logsumexp, logits)


@judged(gradients="matrix")
def test_batched_softmax(batched_softmax):
    close(batched_softmax(SMALL), torch.tensor([[1 / 4, 3 / 4], [5 / 6, 1 / 6]]))
    for logits in extreme().values():
        expected = torch.softmax(logits.double(), dim=1).float()
        close(batched_softmax(logits), expected)
    torch.manual_seed(0)
    logits = torch.randn(4, 6) * 3
    exps = [[math.exp(x) for x in row] for row in logits.tolist()]
    close(batched_softmax(logits), torch.tensor([[e / sum(row) for e in row] for row in exps]))
    close(batched_softmax(logits[:1, :1]), torch.tensor([[1.0]]))
    judge_gradient(batched_softmax, lambda x: torch.softmax(x, dim=1))
    judge_double(batched_softmax, lambda x: torch.softmax(x, dim=1))
    without(READY_MADE, batched_softmax, logits)


@judged(gradients="matrix")
def test_batched_logsoftmax(batched_logsoftmax):
    expected = torch.tensor([[math.log(1 / 4), math.log(3 / 4)], [math.log(5 / 6), math.log(1 / 6)]])
    close(batched_logsoftmax(SMALL), expected)
    for name, logits in extreme().items():
        expected = torch.log_softmax(logits.double(), dim=1).float()
        close(batched_logsoftmax(logits), expected, atol=1e-5 if name in ("huge", "wide") else 2e-4)
    torch.manual_seed(0)
    logits = torch.randn(4, 6) * 3
    sums = [math.log(math.fsum(map(math.exp, row))) for row in logits.tolist()]
    close(batched_logsoftmax(logits), logits - torch.tensor(sums)[:, None])
    judge_gradient(batched_logsoftmax, lambda x: torch.log_softmax(x, dim=1))
    judge_double(batched_logsoftmax, lambda x: torch.log_softmax(x, dim=1))
    without(READY_MADE, batched_logsoftmax, logits)


@judged(gradients="logits")
def test_batched_cross_entropy_loss(batched_cross_entropy_loss):
    expected = torch.tensor([-math.log(3 / 4), -math.log(5 / 6)])
    close(batched_cross_entropy_loss(SMALL, torch.tensor([1, 0])), expected)
    for name, labels in (("both", [2, 0, 1, 2, 0]), ("huge", [0, 1]), ("wide", [1])):
        logits = extreme()[name]
        expected = nn.functional.cross_entropy(logits.double(), torch.tensor(labels), reduction="none").float()
        atol = 1e-5 if name in ("huge", "wide") else 2e-4
        close(batched_cross_entropy_loss(logits, torch.tensor(labels)), expected, atol=atol)
    torch.manual_seed(0)
    for batch, n in ((5, 7), (6, 3), (1, 4)):
        logits, labels = torch.randn(batch, n), torch.randint(n, (batch,))
        close(batched_cross_entropy_loss(logits, labels), nn.functional.cross_entropy(logits, labels, reduction="none"))
    torchs = functools.partial(nn.functional.cross_entropy, reduction="none")
    judge_gradient(batched_cross_entropy_loss, torchs, torch.tensor([2, 0, 1]))
    judge_double(batched_cross_entropy_loss, torchs, torch.tensor([1, 1, 2]))
    without(READY_MADE, batched_cross_entropy_loss, logits, labels)


@jaxtyped(typechecker=beartype)
def weighted_mean(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    return weights @ x / weights.sum()


@jaxtyped(typechecker=beartype)
def plain_sum(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    return x.sum(dim=0)


@jaxtyped(typechecker=beartype)
def kept_axis(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    return (weights[:, None] * x).sum(dim=0, keepdim=True) / weights.sum()


def goes_through(function: Callable, *args: Any) -> bool:
    try:
        function(*args)
    except TypeCheckError:
        return False
    return True


@judged
def test_predict_checks(predict_checks):
    x, weights = torch.ones(3, 2), torch.ones(3)
    happened = {
        "as it should be": goes_through(weighted_mean, x, weights),
        "one weight per column": goes_through(weighted_mean, x, torch.ones(2)),
        "weights as a column": goes_through(weighted_mean, x, torch.ones(3, 1)),
        "double precision": goes_through(weighted_mean, x.double(), weights.double()),
        "integers": goes_through(weighted_mean, x.long(), weights.long()),
        "an array": goes_through(weighted_mean, np.ones((3, 2)), np.ones(3)),
        "no rows": goes_through(weighted_mean, torch.ones(0, 2), torch.ones(0)),
        "a square, transposed": goes_through(weighted_mean, torch.ones(3, 3).T, weights),
        "a wrong formula": goes_through(plain_sum, x, weights),
        "a wrong result shape": goes_through(kept_axis, x, weights),
    }
    predicted = predict_checks()
    complete(predicted, happened)
    for name, through in happened.items():
        told(alike(predicted[name], through), name, predicted[name])


def whole(*shape: int) -> Tensor:
    return torch.zeros(shape, dtype=torch.int64)


# what each annotation must accept, and what it must not
ACCEPTED = {
    "picture": [torch.zeros(3, 4, 5), torch.zeros(3, 1, 7).double(), torch.zeros(3, 4, 4)],
    "square": [torch.zeros(4, 4), torch.zeros(1, 1), torch.zeros(7, 7)],
    "labels": [whole(5), torch.zeros(2, dtype=torch.int32)],
    "mask": [torch.zeros(2, 7, dtype=torch.bool), torch.zeros(5, 5, dtype=torch.bool)],
    "pictures": [torch.zeros(4, 5), torch.zeros(2, 4, 5), torch.zeros(6, 2, 4, 5), torch.zeros(1, 2, 1, 2, 4, 5)],
}
REJECTED = {
    "picture": [torch.zeros(4, 4, 5), torch.zeros(4, 5), torch.zeros(2, 3, 4, 5), whole(3, 4, 5), np.zeros((3, 4, 5))]
    + [torch.zeros(3, 4, 5, dtype=torch.complex64), torch.zeros(4, 5, 3), torch.zeros(1, 4, 5)]
    + [torch.zeros(3, 4), torch.zeros(3, 2, 4, 5), torch.zeros(3)],
    "square": [torch.zeros(3, 4), torch.zeros(4), whole(4, 4), torch.zeros(2, 4, 4), np.zeros((4, 4))]
    + [
        torch.zeros(4, 4, dtype=torch.complex64),
        torch.zeros(1, 4),
        torch.zeros(4, 1),
        torch.zeros(4, 4, dtype=torch.bool),
    ],
    "labels": [whole(5, 1), torch.zeros(5), whole(), np.zeros(5, dtype=np.int64), torch.zeros(5, dtype=torch.bool)]
    + [torch.zeros(5, dtype=torch.complex64)],
    "mask": [torch.zeros(2, 7), torch.zeros(7, dtype=torch.bool), torch.zeros(2, 7, 3, dtype=torch.bool), whole(2, 7)]
    + [np.zeros((2, 7), dtype=bool)],
    "pictures": [torch.zeros(5), whole(2, 4, 5), np.zeros((2, 4, 5)), torch.zeros(2, 4, 5, dtype=torch.complex64)],
}


def described(value: Any) -> str:
    kind = "array" if isinstance(value, np.ndarray) else "tensor"
    return f"{str(value.dtype).removeprefix('torch.')} {kind} {tuple(value.shape)}"


@judged
def test_shape_annotations(shape_annotations):
    annotations = shape_annotations()
    complete(annotations, ACCEPTED)
    for name in ACCEPTED:
        annotation = annotations[name]
        zh, en = (
            f'"{name}" 不是注解：写 `Float[Tensor, …]` 这样的值，不是字符串',
            f'"{name}" is no annotation: write a value such as `Float[Tensor, …]`, not a string',
        )
        holds(isinstance(annotation, type | types.UnionType), zh=zh, en=en)
        for value in ACCEPTED[name]:
            en = f'"{name}" should accept a {described(value)}'
            holds(isinstance(value, annotation), zh=f'"{name}" 应当接受 {described(value)}', en=en)
        for value in REJECTED[name]:
            en = f'"{name}" should not accept a {described(value)}'
            holds(not isinstance(value, annotation), zh=f'"{name}" 不应接受 {described(value)}', en=en)
