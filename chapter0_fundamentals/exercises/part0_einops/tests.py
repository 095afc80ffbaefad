"""One test per exercise of the einops lesson; each is called from its cell, and collected by pytest."""

import statistics
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from coach import case, close, holds, judged, raises
from coach.judging.calls import plain_name
from part0_einops import pictures

LOOKING = {"shape", "size", "dim", "ndim", "numel", "nelement", "len", "dtype", "device", "repr", "format", "str"}
JUDGES = {"coach", "jaxtyping", "beartype", "torch"}


class Watch(TorchFunctionMode):
    """Which functions of torch are called meanwhile, by einops and by the learner's own code; those that look at a shape don't count.

    `coach.calls` can't tell whose call it is, and einops calls `reshape` and `permute` for us.
    """

    def __init__(self) -> None:
        super().__init__()
        self.own: set[str] = set()
        self.einops: set[str] = set()

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        frame = sys._getframe(1)
        while (caller := frame.f_globals.get("__name__", "").split(".")[0]) == "torch" and frame.f_back:
            frame = frame.f_back
        name = plain_name(function)
        if name == "getitem" and any(index is None for index in (args[1] if isinstance(args[1], tuple) else args[1:])):
            name = "x[:, None]"
        if caller not in JUDGES and name not in LOOKING:
            (self.einops if caller == "einops" else self.own).add(name)
        return function(*args, **(kwargs or {}))


def listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


Cases = list[tuple[tuple, Tensor]]


def watched_on(function: Callable, cases: Cases) -> Watch:
    """What the learner's function calls on all these arguments, and whether it returns what is expected."""
    watch = Watch()
    for args, expected in cases:
        with watch:
            got = function(*args)
        close(got, expected)
    return watch


def only_einsum(function: Callable, cases: Cases) -> None:
    """Raises `Wrong` unless the learner's function is right, and computes by nothing but `einops.einsum`."""
    watch = watched_on(function, cases)
    own = watch.own - {"einsum"} | watch.einops - {"einsum"}
    zh = f"值对了，但这里只许用 `einops.einsum`，而你还调用了 {listed(own)}"
    en = f"the values are right, but only `einops.einsum` is allowed here, and this is called as well: {listed(own)}"
    holds(not own, zh=zh, en=en)
    zh, en = "值对了，但这是 `torch.einsum`，不是 `einops.einsum`", "this is `torch.einsum`, not `einops.einsum`"
    holds("einsum" not in watch.own, zh=zh, en=en)
    holds(watch.einops, zh="值对了，但没有用 `einops.einsum`", en="the values are right, but without `einops.einsum`")


# fmt: off
OLD = {
    "transpose", "permute", "squeeze", "unsqueeze", "view", "reshape", "flatten", "ravel", "unflatten", "expand",
    "repeat", "tile", "T", "mT", "H", "mH", "t", "swapaxes", "swapdims", "movedim", "moveaxis", "view_as",
    "reshape_as", "expand_as", "broadcast_to", "as_strided", "x[:, None]", "numpy", "array",
}
# fmt: on


def tidied(function: Callable, cases: Cases) -> None:
    """Raises `Wrong` unless the learner's function is right, uses einops, and moves no axes by their numbers."""
    watch = watched_on(function, cases)
    old = watch.own & OLD
    zh = f"结果对了，但旧的调用不许再用：{listed(old)}；用 einops 写出轴的名字"
    en = f"the result is right, but the old calls are forbidden: {listed(old)}; name the axes with einops"
    holds(not old, zh=zh, en=en)
    holds(watch.einops, zh="结果对了，但没有用 einops", en="the result is right, but einops is not used")


def made_by(function: Callable, expected: Tensor) -> None:
    """Raises `Wrong` unless `function()` makes `expected` by `torch.arange` and einops."""
    watch = watched_on(function, [((), expected)])
    zh, en = (
        "结果对了，但数字不是用 `torch.arange` 造的",
        "the result is right, but the numbers don't come from `torch.arange`",
    )
    holds("arange" in watch.own, zh=zh, en=en)
    zh, en = (
        "结果对了，但形状不是用 `einops.rearrange` 换的",
        "the result is right, but its shape isn't made by `einops.rearrange`",
    )
    holds(watch.einops, zh=zh, en=en)


# The puzzles: pictures of distinct numbers, in which no two axes are alike.


def solves(puzzle: Callable, target: Callable) -> None:
    torch.manual_seed(0)
    for h, w, shift in ((4, 2, 0), (2, 8, 140)):  # the second with negative numbers
        digits = torch.randperm(6 * 3 * h * w).float().reshape(6, 3, h, w) - shift
        expected = target(digits)
        close(puzzle(digits), expected)


@judged
def test_puzzle_1(puzzle_1):
    solves(puzzle_1, pictures.target_1)


@judged
def test_puzzle_2(puzzle_2):
    solves(puzzle_2, pictures.target_2)


@judged
def test_puzzle_3(puzzle_3):
    solves(puzzle_3, pictures.target_3)


@judged
def test_puzzle_4(puzzle_4):
    solves(puzzle_4, pictures.target_4)


@judged
def test_puzzle_5(puzzle_5):
    solves(puzzle_5, pictures.target_5)


@judged
def test_puzzle_6(puzzle_6):
    solves(puzzle_6, pictures.target_6)


@judged
def test_puzzle_7(puzzle_7):
    solves(puzzle_7, pictures.target_7)


@judged
def test_puzzle_8(puzzle_8):
    solves(puzzle_8, pictures.target_8)


@judged
def test_puzzle_9(puzzle_9):
    solves(puzzle_9, pictures.target_9)


@judged
def test_puzzle_10(puzzle_10):
    solves(puzzle_10, pictures.target_10)


@judged
def test_rearrange_1(rearrange_1):
    made_by(rearrange_1, torch.tensor([[3.0, 4], [5, 6], [7, 8]]))


@judged
def test_rearrange_2(rearrange_2):
    made_by(rearrange_2, torch.tensor([[1.0, 2, 3], [4, 5, 6]]))


# Two weeks by hand: means 4 and 20; the sums of squares are 28 and 54, so the unbiased variances 28/6 and 54/6.
TWO_WEEKS = [1.0, 2, 3, 4, 5, 6, 7, 20, 20, 17, 23, 26, 20, 14]


def weeks_of(days: list[float]) -> list[list[float]]:
    return [days[i : i + 7] for i in range(0, len(days), 7)]


@judged
def test_temperatures_average(temperatures_average):
    close(temperatures_average(torch.tensor(TWO_WEEKS)), torch.tensor([4.0, 20]))
    torch.manual_seed(1)
    temps = torch.randn(35) * 9
    close(temperatures_average(temps), torch.tensor([statistics.fmean(week) for week in weeks_of(temps.tolist())]))
    small = torch.tensor(TWO_WEEKS, dtype=torch.float64) / 1e6
    with case(zh="很小的数，float64", en="small numbers, in float64"):
        close(temperatures_average(small), torch.tensor([4e-6, 20e-6], dtype=torch.float64), rtol=1e-6, atol=0)
    for days in (8, 13, 5, 16):
        raises(Exception, temperatures_average, torch.ones(days))


@judged
def test_temperatures_differences(temperatures_differences):
    close(temperatures_differences(torch.tensor([1.0, 2, 3, 4, 5, 6, 7])), torch.arange(-3.0, 4))
    expected = torch.tensor([-3.0, -2, -1, 0, 1, 2, 3, 0, 0, -3, 3, 6, 0, -6])
    close(temperatures_differences(torch.tensor(TWO_WEEKS)), expected)
    torch.manual_seed(1)
    temps = torch.randn(21) * 9
    expected = [day - statistics.fmean(week) for week in weeks_of(temps.tolist()) for day in week]
    close(temperatures_differences(temps), torch.tensor(expected))
    small = torch.tensor(TWO_WEEKS, dtype=torch.float64) / 1e6
    expected = torch.tensor([-3.0, -2, -1, 0, 1, 2, 3, 0, 0, -3, 3, 6, 0, -6], dtype=torch.float64) / 1e6
    with case(zh="很小的数，float64", en="small numbers, in float64"):
        close(temperatures_differences(small), expected, rtol=1e-6, atol=1e-15)


@judged
def test_temperatures_normalized(temperatures_normalized):
    a, b = (28 / 6) ** 0.5, (90 / 6) ** 0.5
    by_hand = [-3 / a, -2 / a, -1 / a, 0, 1 / a, 2 / a, 3 / a, 0, 0, -3 / b, 3 / b, 6 / b, 0, -6 / b]
    close(temperatures_normalized(torch.tensor(TWO_WEEKS)), torch.tensor(by_hand))
    torch.manual_seed(1)
    temps = torch.randn(21) * 9 + 5
    weeks = [(week, statistics.fmean(week), statistics.stdev(week)) for week in weeks_of(temps.tolist())]
    expected = [(day - mean) / deviation for week, mean, deviation in weeks for day in week]
    close(temperatures_normalized(temps), torch.tensor(expected))
    temps = torch.tensor(TWO_WEEKS) + 2000.1
    with case(zh="数值离 0 很远时", en="on temperatures far from 0"):
        close(temperatures_normalized(temps), torch.tensor(by_hand), rtol=1e-3, atol=1e-3)
    with case(zh="六天一样，只有一天不同", en="six equal days and one that is not"):
        expected = torch.tensor([-1.0, -1, 6, -1, -1, -1, -1]) / 7**0.5
        close(temperatures_normalized(torch.tensor([3.0, 3, 10, 3, 3, 3, 3])), expected)
    small = torch.tensor(TWO_WEEKS, dtype=torch.float64) / 1e6
    with case(zh="变化很小的几周，float64", en="weeks that hardly vary, in float64"):
        close(temperatures_normalized(small), torch.tensor(by_hand, dtype=torch.float64), rtol=1e-6, atol=1e-9)


@judged
def test_einsum_trace(einsum_trace):
    torch.manual_seed(0)
    matrix = torch.randn(5, 5)
    expected = torch.tensor(sum(matrix[i, i].item() for i in range(5)))
    only_einsum(einsum_trace, [((torch.tensor([[1.0, 2], [3, 5]]),), torch.tensor(6.0)), ((matrix,), expected)])


@judged
def test_einsum_mv(einsum_mv):
    by_hand = (torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([5.0, 6])), torch.tensor([17.0, 39])
    torch.manual_seed(0)
    matrix, vector = torch.randn(3, 4), torch.randn(4)
    only_einsum(einsum_mv, [by_hand, ((matrix, vector), torch.mv(matrix, vector))])


@judged
def test_einsum_mm(einsum_mm):
    A, B = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[5.0, 6], [7, 9]])
    by_hand = (A, B), torch.tensor([[19.0, 24], [43, 54]])
    torch.manual_seed(0)
    A, B = torch.randn(2, 3), torch.randn(3, 5)
    only_einsum(einsum_mm, [by_hand, ((A, B), torch.mm(A, B))])


@judged
def test_einsum_inner(einsum_inner):
    by_hand = (torch.tensor([1.0, 2, 3]), torch.tensor([4.0, -5, 7])), torch.tensor(15.0)
    negative = (torch.tensor([2.0, -1]), torch.tensor([-3.0, 4])), torch.tensor(-10.0)
    torch.manual_seed(0)
    x, y = torch.randn(6), torch.randn(6)
    only_einsum(einsum_inner, [by_hand, negative, ((x, y), torch.dot(x, y))])


@judged
def test_einsum_outer(einsum_outer):
    by_hand = (torch.tensor([1.0, 2]), torch.tensor([3.0, 4])), torch.tensor([[3.0, 4], [6, 8]])
    torch.manual_seed(0)
    x, y = torch.randn(3), torch.randn(5)
    expected = torch.tensor([[a * b for b in y.tolist()] for a in x.tolist()])
    only_einsum(einsum_outer, [by_hand, ((x, y), expected)])


@judged
def test_einsum_attention_scores(einsum_attention_scores):
    torch.manual_seed(0)
    cases: Cases = []
    for b, head, pos, src, d in ((1, 2, 3, 3, 4), (2, 3, 4, 5, 6), (1, 1, 1, 1, 1)):
        q, k = torch.randn(b, head, pos, d), torch.randn(b, head, src, d)
        expected = torch.empty(b, head, pos, src)
        for index in product(range(b), range(head), range(pos), range(src)):
            expected[index] = torch.dot(q[index[0], index[1], index[2]], k[index[0], index[1], index[3]])
        cases.append(((q, k), expected))
    only_einsum(einsum_attention_scores, cases)


@judged
def test_einsum_bilinear(einsum_bilinear):
    torch.manual_seed(0)
    cases: Cases = []
    for batch, n, m, out in ((2, 3, 3, 3), (4, 3, 5, 2), (1, 2, 3, 4)):
        x, W, y = torch.randn(batch, n), torch.randn(out, n, m), torch.randn(batch, m)
        rows = [[torch.dot(x[i], W[o] @ y[i]) for o in range(out)] for i in range(batch)]
        cases.append(((x, W, y), torch.tensor(rows)))
    only_einsum(einsum_bilinear, cases)


@judged
def test_tidy_1(tidy_1):
    by_hand = (torch.arange(8.0).reshape(1, 2, 4), 2), torch.tensor([[[[0.0, 1], [4, 5]], [[2, 3], [6, 7]]]])
    torch.manual_seed(0)
    x = torch.randn(2, 3, 12)
    tidied(tidy_1, [by_hand, ((x, 4), torch.stack(x.split(3, dim=-1), dim=1))])


@judged
def test_tidy_2(tidy_2):
    x = torch.tensor([[[[1.0, 2], [3, 6]], [[10, 20], [30, 60]]]])
    by_hand = (x,), torch.tensor([[2.0, 4, 20, 40]])
    torch.manual_seed(0)
    x = torch.randn(3, 2, 5, 4)
    expected = torch.cat([torch.stack([x[:, head, i] for i in range(5)]).mean(dim=0) for head in range(2)], dim=-1)
    tidied(tidy_2, [by_hand, ((x,), expected)])


def looped_patches(images: Tensor, size: int) -> Tensor:
    """The patches in reading order, each read row by row, pixel by pixel, channel by channel."""
    b, c, h, w = images.shape
    corners = list(product(range(0, h, size), range(0, w, size)))
    inside = list(product(range(size), range(size), range(c)))
    d = images.tolist()
    rows = [[[d[n][k][y + dy][x + dx] for dy, dx, k in inside] for y, x in corners] for n in range(b)]
    return torch.tensor(rows, dtype=images.dtype)


@judged
def test_tidy_3(tidy_3):
    torch.manual_seed(0)
    cases: Cases = []
    for (b, c, h, w), size in (((1, 2, 4, 4), 2), ((2, 3, 4, 6), 2), ((1, 2, 3, 9), 3)):
        images = torch.randperm(b * c * h * w).float().reshape(b, c, h, w)
        cases.append(((images, size), looped_patches(images, size)))
    tidied(tidy_3, cases)


@judged
def test_tidy_4(tidy_4):
    torch.manual_seed(0)
    cases: Cases = []
    for batch, heads, src, d in ((2, 3, 3, 3), (3, 2, 4, 5), (1, 2, 3, 4), (2, 1, 3, 4), (1, 1, 1, 1)):
        weights, values = torch.randn(batch, heads, src), torch.randn(batch, src, heads, d)
        expected = torch.zeros(batch, heads, d)
        for n, head, i in product(range(batch), range(heads), range(src)):
            expected[n, head] += weights[n, head, i] * values[n, i, head]
        cases.append(((weights, values), expected))
    tidied(tidy_4, cases)
