"""One test per exercise of the second drills; each is called from its cell, and collected by pytest.

A drill's loop in loops.py is its specification: both answers are held against it on the same cases. Random drills are
judged by what must hold of their draws.
"""

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch
from part0_drills.agreement import Case, Drill, floats, independent, tensors, turned, vectorised, whole

from coach import case, close, holds, judged
from part0_drills_data import loops


def boxes(n: int, seed: int = 0) -> np.ndarray:
    """Random boxes, many of which overlap."""
    corner, size = 3 * floats(n, 2, seed=seed), 1 + 2 * floats(n, 2, seed=seed + 50) ** 2
    return np.concatenate([corner, corner + size], axis=1)


def clusters(n: int, seed: int = 0) -> np.ndarray:
    """Points in a plane, by turns in two clusters far from each other; whole numbers, which are exact in float32."""
    places = np.where(np.arange(n)[:, None] % 2 == 0, 5000, -5000)
    return (np.round(50 * floats(n, 2, seed=seed)) + places).astype(np.float32)


# Broadcasting


standardise = Drill(
    loops.standardise,
    "float",
    lambda: [
        Case((floats(2, 3, 4, 5), floats(3, seed=1), floats(3, seed=2) ** 2 + 0.5)),
        Case(
            (floats(3, 4, 4, 4), floats(4, seed=1), floats(4, seed=2) ** 2 + 0.5),
            zh="通道、高、宽一样多",
            en="where channels, height and width are equal",
        ),
        Case((floats(1, 1, 2, 3) + 4, floats(1) + 3, floats(1) + 2)),
        Case(
            (floats(2, 2, 3, 4) / 1000, floats(2, seed=1) / 1000, (floats(2, seed=2) ** 2 + 0.5) / 1000),
            zh="标准差很小",
            en="where the standard deviations are tiny",
        ),
    ],
)


@judged
def test_np_standardise(np_standardise):
    standardise.in_numpy(np_standardise)


@judged
def test_pt_standardise(pt_standardise):
    standardise.in_torch(pt_standardise)


relative = Drill(
    loops.relative,
    "int",
    lambda: [
        Case((5, 2)),
        Case((3, 9), zh="界限比 n 大", en="where the bound is above n"),
        Case((4, 0), zh="界限是 0", en="where the bound is 0"),
        Case((1, 3)),
        Case((150, 100), zh="n 是 150", en="where n is 150"),
    ],
)


@judged
def test_np_relative(np_relative):
    relative.in_numpy(np_relative)


@judged
def test_pt_relative(pt_relative):
    relative.in_torch(pt_relative)


squared_distances = Drill(
    loops.squared_distances,
    "float",
    lambda: [
        Case((floats(4, 3), floats(5, 3, seed=1))),
        Case((floats(2, 1), floats(1, 1, seed=1))),
        Case(
            (floats(3, 2) + 5000, floats(4, 2, seed=1) + 5000), zh="离原点很远的点", en="for points far from the origin"
        ),
        Case(
            (floats(30, 2) + 5000, floats(28, 2, seed=1) + 5000),
            zh="离原点很远的许多点",
            en="for many points far from the origin",
        ),
        Case(
            (
                np.array([[2**27, 0.5], [2**27, -1], [2**27, 0.25], [2**27, 2]], dtype=np.float32),
                np.array([[2**27, 1], [2**27, -0.5]], dtype=np.float32),
            ),
            zh="有一个坐标极大、又都相同的点",
            en="for points that share one huge coordinate",
        ),
        Case(
            (clusters(4), clusters(6, seed=1)),
            zh="相距很远的两团点，没有哪个原点离两团都近",
            en="for two clusters so far apart that no origin is near to both",
        ),
    ],
)


@judged
def test_np_squared_distances(np_squared_distances):
    squared_distances.in_numpy(np_squared_distances)


@judged
def test_pt_squared_distances(pt_squared_distances):
    squared_distances.in_torch(pt_squared_distances)


rotate = Drill(
    loops.rotate,
    "float",
    lambda: [
        Case((floats(3, 4, 2), floats(4, seed=1) * 2)),
        Case((floats(2, 2, 2, seed=3), np.array([np.pi / 2, -1], dtype=np.float32))),
        Case((floats(1, 1, 2), np.array([0], dtype=np.float32)), zh="角是 0", en="by an angle of 0"),
    ],
)


@judged
def test_np_rotate(np_rotate):
    rotate.in_numpy(np_rotate)


@judged
def test_pt_rotate(pt_rotate):
    rotate.in_torch(pt_rotate)


iou = Drill(
    loops.iou,
    "float",
    lambda: [
        Case((boxes(5), boxes(4, seed=1))),
        Case((boxes(3), boxes(3))),
        Case((boxes(1), boxes(2, seed=2) + 100), zh="横竖都不重叠的框", en="for boxes apart in both directions"),
        Case(
            (
                np.array([[0, 0, 2, 2]], dtype=np.float32),
                np.array([[2, 0, 3, 2], [0.5, 0.5, 1, 1.5]], dtype=np.float32),
            ),
            zh="只有边相碰，或者一个在另一个里面",
            en="for boxes that only touch, and one inside another",
        ),
    ],
    axes=0,  # reversed within, left and right would change places
)


@judged
def test_np_iou(np_iou):
    iou.in_numpy(np_iou)


@judged
def test_pt_iou(pt_iou):
    iou.in_torch(pt_iou)


# Windows


pool = Drill(
    loops.pool,
    "float",
    lambda: [
        Case((floats(12), 3)),
        Case((floats(11, seed=1), 4), zh="末尾剩下几个", en="with some left over at the end"),
        Case((floats(5), 5), zh="只有一组", en="with one group"),
        Case((floats(4), 1)),
    ],
)


@judged
def test_np_pool(np_pool):
    pool.in_numpy(np_pool)


@judged
def test_pt_pool(pt_pool):
    pool.in_torch(pt_pool)


contexts = Drill(
    loops.contexts,
    "int int",
    lambda: [
        Case((whole(50, 9), 3)),
        Case((whole(50, 6, seed=1), 1), zh="一个词的上文", en="with contexts of one token"),
        Case((whole(50, 5, seed=2), 4), zh="只有一段上文", en="with one context"),
    ],
)


@judged
def test_np_contexts(np_contexts):
    contexts.in_numpy(np_contexts)


@judged
def test_pt_contexts(pt_contexts):
    contexts.in_torch(pt_contexts)


frames = Drill(
    loops.frames,
    "float",
    lambda: [
        Case((floats(13), 4, 3)),
        Case((floats(12, seed=1), 4, 3), zh="末尾剩下几个", en="with some left over at the end"),
        Case((floats(9), 2, 5), zh="`hop` 比 `size` 大", en="where `hop` is above `size`"),
        Case((floats(6), 6, 2), zh="只放得下一段", en="where just one fits"),
    ],
)


@judged
def test_np_frames(np_frames):
    frames.in_numpy(np_frames)


@judged
def test_pt_frames(pt_frames):
    frames.in_torch(pt_frames)


im2col = Drill(
    loops.im2col,
    "float",
    lambda: [
        Case((floats(2, 3, 4, 5), 2)),
        Case((floats(1, 2, 3, 6, seed=1), 3), zh="与图一样高的窗口", en="with windows as high as the image"),
        Case((floats(3, 1, 2, 3), 1), zh="一个像素的窗口", en="with windows of one pixel"),
    ],
)


@judged
def test_np_im2col(np_im2col):
    im2col.in_numpy(np_im2col)


@judged
def test_pt_im2col(pt_im2col):
    im2col.in_torch(pt_im2col)


causal_conv = Drill(
    loops.causal_conv,
    "float",
    lambda: [
        Case((floats(9), floats(3, seed=1), 2)),
        Case((floats(7, seed=2), floats(4, seed=3), 1)),
        Case(
            (floats(3, seed=4), floats(5, seed=5), 4),
            zh="`kernel` 伸到开头之前很远",
            en="where `kernel` reaches far beyond the beginning",
        ),
        Case((floats(5), floats(1, seed=1), 3), zh="`kernel` 只有一个数", en="with a `kernel` of one number"),
    ],
)


@judged
def test_np_causal_conv(np_causal_conv):
    causal_conv.in_numpy(np_causal_conv)


@judged
def test_pt_causal_conv(pt_causal_conv):
    causal_conv.in_torch(pt_causal_conv)


# Grouping and counting


counts = Drill(
    loops.counts,
    "int",
    lambda: [
        Case((whole(4, 15), 4)),
        Case((np.array([1, 1, 0]), 5), zh="后面的类别没有出现", en="where the last classes don't occur"),
        Case((np.array([2]), 3)),
        Case((whole(2, 700), 2), zh="一类有几百个", en="with hundreds of a class"),
    ],
)


@judged
def test_np_counts(np_counts):
    counts.in_numpy(np_counts)


@judged
def test_pt_counts(pt_counts):
    counts.in_torch(pt_counts)


confusion = Drill(
    loops.confusion,
    "int",
    lambda: [
        Case((whole(3, 20), whole(3, 20, seed=1), 3)),
        Case((np.array([0, 1, 0]), np.array([1, 1, 0]), 4), zh="有的类别没有出现", en="with classes that don't occur"),
        Case((np.array([2, 2]), np.array([0, 0]), 3)),
        Case((whole(2, 1400), whole(2, 1400, seed=1), 2), zh="一格里有几百个", en="with hundreds in a cell"),
    ],
)


@judged
def test_np_confusion(np_confusion):
    confusion.in_numpy(np_confusion)


@judged
def test_pt_confusion(pt_confusion):
    confusion.in_torch(pt_confusion)


segment_sums = Drill(
    loops.segment_sums,
    "float",
    lambda: [
        Case((floats(9, 3), whole(4, 9), 4)),
        Case((floats(4, 2, seed=1), np.array([3, 1, 3, 3]), 6), zh="有空的组", en="with empty groups"),
        Case((floats(2, 5), np.array([0, 0]), 1)),
    ],
)


@judged
def test_np_segment_sums(np_segment_sums):
    segment_sums.in_numpy(np_segment_sums)


@judged
def test_pt_segment_sums(pt_segment_sums):
    segment_sums.in_torch(pt_segment_sums)


run_lengths = Drill(
    loops.run_lengths,
    "int int",
    lambda: [
        Case((whole(2, 20),)),
        Case((np.array([4, 4, 4]),), zh="只有一段", en="with one run"),
        Case((np.array([1, 2, 1, -3]),), zh="每段只有一个", en="with runs of one"),
        Case((np.array([5]),), zh="只有一个数", en="with one number"),
        Case((np.array([0, 0, 7, 0, 0, 0]),), zh="同样的值分开出现", en="with one value in runs apart"),
    ],
)


@judged
def test_np_run_lengths(np_run_lengths):
    run_lengths.in_numpy(np_run_lengths)


@judged
def test_pt_run_lengths(pt_run_lengths):
    run_lengths.in_torch(pt_run_lengths)


segment_softmax = Drill(
    loops.segment_softmax,
    "float",
    lambda: [
        Case((floats(8), whole(3, 8), 3)),
        Case(
            (floats(6, seed=1) - 300, np.array([2, 0, 2, 0, 2, 4]), 5),
            zh="有空的组，分数都是负的",
            en="with empty groups, and negative scores only",
        ),
        Case(
            (np.array([1000.0, 1001, -2000, -2001], dtype=np.float32), np.array([1, 1, 0, 0]), 2),
            zh="分数上千",
            en="with scores in the thousands",
        ),
        Case(
            (np.array([1, 0.5, -3000, -2000, 0], dtype=np.float32), np.array([0, 1, 0, 1, 0]), 2),
            zh="同一组里的分数相差上千",
            en="with scores thousands apart in one group",
        ),
    ],
)


@judged
def test_np_segment_softmax(np_segment_softmax):
    segment_softmax.in_numpy(np_segment_softmax)


@judged
def test_pt_segment_softmax(pt_segment_softmax):
    segment_softmax.in_torch(pt_segment_softmax)


# Linear algebra


quadratic = Drill(
    loops.quadratic,
    "float",
    lambda: [
        Case((floats(5, 3), floats(3, 3, seed=1))),
        Case((floats(3, 3, seed=2), floats(3, 3, seed=3))),
        Case((floats(1, 4), floats(4, 4, seed=1))),
    ],
)


@judged
def test_np_quadratic(np_quadratic):
    quadratic.in_numpy(np_quadratic)


@judged
def test_pt_quadratic(pt_quadratic):
    quadratic.in_torch(pt_quadratic)


erase = Drill(
    loops.erase,
    "float",
    lambda: [
        Case((floats(5, 3), 3 * floats(3, seed=1))),
        Case((floats(3, 3, seed=2), 0.2 * floats(3, seed=3)), zh="`x` 是方的", en="where `x` is square"),
        Case((floats(1, 2), floats(2, seed=1))),
        Case((floats(4, 3, seed=4), 1e-6 * floats(3, seed=5)), zh="`direction` 极短", en="where `direction` is tiny"),
    ],
)


@judged
def test_np_erase(np_erase):
    erase.in_numpy(np_erase)


@judged
def test_pt_erase(pt_erase):
    erase.in_torch(pt_erase)


covariances = Drill(
    loops.covariances,
    "float",
    lambda: [
        Case((floats(2, 5, 3) + 1,)),
        Case((floats(3, 4, 4, seed=1) * 2,), zh="行列一样多", en="with as many rows as columns"),
        Case((floats(2, 1, 2),), zh="只有一行", en="with one row"),
        Case((floats(3, 5, 1, seed=2),), zh="只有一列", en="with one column"),
    ],
)


@judged
def test_np_covariances(np_covariances):
    covariances.in_numpy(np_covariances)


@judged
def test_pt_covariances(pt_covariances):
    covariances.in_torch(pt_covariances)


ridge = Drill(
    loops.ridge,
    "float",
    lambda: [
        Case((floats(8, 3), floats(8, seed=1), 0.5)),
        Case((floats(3, 5, seed=2), floats(3, seed=3), 2.0), zh="行比列少", en="with fewer rows than columns"),
        Case((floats(4, 4, seed=4), floats(4, seed=5), 1.5)),
        Case((floats(6, 1), floats(6, seed=1), 10.0)),
    ],
)


@judged
def test_np_ridge(np_ridge):
    ridge.in_numpy(np_ridge)


@judged
def test_pt_ridge(pt_ridge):
    ridge.in_torch(pt_ridge)


def same_products(got: Any, expected: Any) -> None:
    """Whether two whitened tables agree but for a rotation: all inner products of their rows are the same."""
    close(got @ got.T, expected @ expected.T, rtol=2e-3, atol=2e-3)


def whitened(function: Callable, into: Callable) -> None:
    cases = [
        ({}, floats(40, 3) @ floats(3, 3, seed=1) + 5),
        ({"zh": "各列的尺度相差很大", "en": "with columns of very different scales"}, floats(30, 2) * [20, 0.3] - 1),
        ({"zh": "只有一列", "en": "with one column"}, 3 * floats(20, 1) + 2),
    ]
    for name, x in cases:
        x = x.astype(np.float32)
        products, expected = np.array(loops.whitened_products(x.tolist()), np.float32), np.zeros(x.shape[1])
        with case(**name) if name else contextlib.nullcontext():
            got = function(into(x))
            close(got.mean(0), into(expected.astype(np.float32)), atol=1e-3)
            zh, en = "结果的协方差矩阵不是单位矩阵", "the covariance matrix of the result is not the identity"
            holds(spread(got), zh=zh, en=en)
            zh, en = (
                "协方差对了，但结果不是由 `x` 平移、相乘得来",
                "the covariance is right, but `x` was not moved and multiplied",
            )
            holds(near(got @ got.T, products), zh=zh, en=en)
    first = (cases[0][1].astype(np.float32),)
    others = turned(first)
    products = np.array(loops.whitened_products(others[0].tolist()))
    zh, en = "值不对：上一次调用的数还在", "the values are wrong: something of the call before is left"
    independent(
        function,
        tuple(map(into, first)),
        tuple(map(into, others)),
        lambda got: holds(near(got @ got.T, products), zh=zh, en=en),
    )


def spread(got: Any) -> bool:
    return near(got.T @ got / len(got), np.eye(got.shape[1]))


def near(got: Any, expected: np.ndarray) -> bool:
    return bool(np.allclose(np.asarray(got.tolist()), expected, rtol=1e-2, atol=1e-2))


@judged(same=same_products)
def test_np_whiten(np_whiten):
    whitened(np_whiten, lambda x: x)
    vectorised(np_whiten, "torch")


@judged(same=same_products)
def test_pt_whiten(pt_whiten):
    whitened(pt_whiten, tensors)
    vectorised(pt_whiten, "numpy")


# Random


@dataclass(frozen=True)
class Draws:
    """A learner's function that draws, in one of the libraries."""

    function: Callable
    torch: bool

    def rng(self, seed: int) -> Any:
        return torch.Generator().manual_seed(seed) if self.torch else np.random.default_rng(seed)

    def __call__(self, *args: Any, rng: Any = None) -> Any:
        """What it returns, as NumPy arrays."""
        given = tensors(args) if self.torch else tuple(x.copy() if isinstance(x, np.ndarray) else x for x in args)
        got = self.function(*given, self.rng(77) if rng is None else rng)
        return tuple(map(np.asarray, got)) if isinstance(got, tuple | list) else np.asarray(got)

    def comes_from_rng(self, *args: Any) -> None:
        """Raises `Wrong` unless one seed gives one result, and the next call another one."""
        found = []
        for seed in (1, 2):
            np.random.seed(seed)
            torch.manual_seed(seed)
            found.append(flat(self(*args, rng=self.rng(5))))
        zh = "种子相同，两次的结果却不同：随机数要全部从 `rng` 来"
        en = "two results from one seed differ: all randomness must come from `rng`"
        holds(found[0] == found[1], zh=zh, en=en)
        rng = self.rng(6)
        first = self(*args, rng=rng)
        kept = flat(first)
        zh = "同一个 `rng` 接着抽，两次却完全一样：函数里不要另设种子"
        en = "two calls that go on with one `rng` give the same: set no seed inside"
        holds(kept != flat(self(*args, rng=rng)), zh=zh, en=en)
        zh, en = "前一次的结果跟着变了：每次都要返回新的", "the result of the call before has changed: return a new one"
        holds(kept == flat(first), zh=zh, en=en)
        vectorised(self.function, "numpy" if self.torch else "torch")


def flat(value: Any) -> list:
    return [part.tolist() for part in value] if isinstance(value, tuple) else value.tolist()


def share_is(got: float, expected: float, tolerance: float, zh: str, en: str) -> None:
    zh = f"{zh}：频率应接近 {expected:.3f}，得到 {got:.3f}"
    holds(abs(got - expected) < tolerance, zh=zh, en=f"{en}: the share should be near {expected:.3f}, not {got:.3f}")


def evenly_chosen(chosen: list[set[int]], members: list[int], k: int) -> None:
    """Raises `Wrong` unless each of `members`, and each pair of them, is among the `k` chosen as often as the others."""
    n, draws = len(members), len(chosen)
    one = Counter(i for some in chosen for i in some)
    two = Counter(pair for some in chosen for pair in combinations(sorted(some), 2))
    zh, en = "有的数抽中得太多或太少", "some are chosen too often or too rarely"
    worst = max((one[i] / draws for i in members), key=lambda share: abs(share - k / n))
    share_is(worst, k / n, 0.14, zh, en)
    zh, en = "有的两个数一起抽中得太多或太少", "some pairs are chosen together too often or too rarely"
    wanted = k * (k - 1) / (n * (n - 1))
    worst = max((two[pair] / draws for pair in combinations(members, 2)), key=lambda share: abs(share - wanted))
    share_is(worst, wanted, 0.06 + 0.3 * wanted, zh, en)


def drops(draw: Draws) -> None:
    for dtype in (np.float32, np.float64):
        x = (floats(2000, 3) + 10).astype(dtype)
        got = draw(x, 0.3)
        zh, en = (
            f"类型应为 {np.dtype(dtype)}，得到 {got.dtype}",
            f"the dtype should be {np.dtype(dtype)}, not {got.dtype}",
        )
        holds(got.dtype == dtype, zh=zh, en=en)
        zh, en = "有的数既不是 0，也不是原来的数除以 1 - p", "some numbers are neither 0 nor the old one over 1 - p"
        holds(np.allclose(got, np.where(got == 0, 0, x / 0.7), rtol=1e-4), zh=zh, en=en)
        dropped = got == 0
        share_is(dropped.mean(), 0.3, 0.04, "变成 0 的太多或太少", "too many or too few became 0")
        zh, en = "一行里的数不是各自独立的", "the numbers of a row aren't dropped independently"
        share_is((dropped[:, 0] & dropped[:, 1]).mean(), 0.09, 0.04, zh, en)
        zh, en = "各行不是独立的", "the rows aren't dropped independently"
        share_is((dropped[1:, 0] & dropped[:-1, 0]).mean(), 0.09, 0.04, zh, en)
    with case(zh="p 是 0", en="where p is 0"):
        close(draw(floats(3, 4), 0.0), floats(3, 4))
    with case(zh="只有一个数", en="with a single number"):
        rng, one = draw.rng(8), np.ones((1, 1), dtype=np.float32)
        share = sum(draw(one, 0.5, rng=rng).item() == 0 for _ in range(300)) / 300
        share_is(share, 0.5, 0.14, "变成 0 的次数太多或太少", "it became 0 too often or too rarely")
    draw.comes_from_rng(floats(9, 7), 0.5)


@judged
def test_np_dropout_mask(np_dropout_mask):
    drops(Draws(np_dropout_mask, torch=False))


@judged
def test_pt_dropout_mask(pt_dropout_mask):
    drops(Draws(pt_dropout_mask, torch=True))


def splits(draw: Draws) -> None:
    for n, n_first in ((7, 3), (5, 0), (5, 5), (1, 1)):
        first, rest = draw(n, n_first)
        with case(zh=f"n = {n}，n_first = {n_first}", en=f"with n = {n} and n_first = {n_first}"):
            zh, en = (
                f"第一份有 {len(first)} 个，第二份有 {len(rest)} 个",
                f"the parts have {len(first)} and {len(rest)}",
            )
            holds((len(first), len(rest)) == (n_first, n - n_first), zh=zh, en=en)
            zh, en = "两份合起来不是每个数正好一次", "together the parts don't hold each number just once"
            holds(sorted([*first.tolist(), *rest.tolist()]) == list(range(n)), zh=zh, en=en)
    rng = draw.rng(3)
    evenly_chosen([set(draw(6, 2, rng=rng)[0].tolist()) for _ in range(300)], list(range(6)), 2)
    draw.comes_from_rng(60, 25)


@judged
def test_np_split(np_split):
    splits(Draws(np_split, torch=False))


@judged
def test_pt_split(pt_split):
    splits(Draws(pt_split, torch=True))


def differs(draw: Draws) -> None:
    labels = whole(5, 5000)
    got = draw(labels, 5)
    zh, en = f"形状应为 {labels.shape}，得到 {got.shape}", f"the shape should be {labels.shape}, not {got.shape}"
    holds(got.shape == labels.shape, zh=zh, en=en)
    holds(bool((got != labels).all()), zh="有的抽中了标签自己", en="some are the label itself")
    zh, en = "有的不是 0 到 n_classes - 1 的类别", "some are no class from 0 to n_classes - 1"
    holds(got.min() >= 0 and got.max() < 5, zh=zh, en=en)
    for label in range(5):
        some = got[labels == label]
        for other in sorted(set(range(5)) - {label}):
            zh, en = f"标签是 {label} 时抽中 {other}", f"{other} drawn for the label {label}"
            share_is((some == other).mean(), 0.25, 0.075, zh, en)
    further = (got - labels) % 5
    zh, en = "相邻的标签抽得一样太多或太少", "neighbours are drawn alike too often or too rarely"
    share_is((further[1:] == further[:-1]).mean(), 0.25, 0.04, zh, en)
    with case(zh="只有两类", en="with two classes"):
        close(draw(np.array([0, 1, 1, 0]), 2).astype(np.int64), np.array([1, 0, 0, 1]))
    draw.comes_from_rng(whole(9, 50), 9)


@judged
def test_np_negatives(np_negatives):
    differs(Draws(np_negatives, torch=False))


@judged
def test_pt_negatives(pt_negatives):
    differs(Draws(pt_negatives, torch=True))


def balances(draw: Draws) -> None:
    labels = np.array([2, 0, 1, 1, 0, 2, 2, 0, 1, 0, 2, 2, 1, 2, 0, 2, 0])
    rng, chosen = draw.rng(4), []
    for _ in range(300):
        got = draw(labels, 3, 2, rng=rng)
        holds(
            got.shape == (3, 2),
            zh=f"形状应为 (3, 2)，得到 {got.shape}",
            en=f"the shape should be (3, 2), not {got.shape}",
        )
        inside = bool((got >= 0).all() and (got < len(labels)).all())
        holds(inside, zh="有的不是 `labels` 的下标", en="some are no indices of `labels`")
        right = inside and got.shape == (3, 2) and bool((labels[got] == np.arange(3)[:, None]).all())
        holds(right, zh="有的行里有别的类", en="some rows hold members of another class")
        twice = any(len(set(row)) < len(row) for row in got.tolist())
        holds(not twice, zh="同一个下标抽了两次", en="an index is drawn twice")
        chosen.append(got.tolist())
    for label in range(3):
        members = np.flatnonzero(labels == label).tolist()
        evenly_chosen([set(rows[label]) for rows in chosen if len(rows) == 3], members, 2)
    with case(zh="整类都要", en="with all of a class"):
        got = draw(np.array([1, 0, 1, 0]), 2, 2)
        close(np.sort(got, axis=1).astype(np.int64), np.array([[1, 3], [0, 2]]))
    draw.comes_from_rng(whole(2, 60), 2, 12)


@judged
def test_np_balanced(np_balanced):
    balances(Draws(np_balanced, torch=False))


@judged
def test_pt_balanced(pt_balanced):
    balances(Draws(pt_balanced, torch=True))


def pair_chance(weights: list[float], i: int, j: int) -> float:
    """The chance that columns i and j are the two that are drawn, in either order."""
    total = sum(weights)
    return weights[i] / total * weights[j] / (total - weights[i]) + weights[j] / total * weights[i] / (
        total - weights[j]
    )


def chosen_by_weight(draw: Draws) -> None:
    kinds = [[1.0, 1.0, 2.0, 6.0], [3.0, 0.5, 3.0, 0.5]]
    got = draw(np.array(kinds * 3000, dtype=np.float32), 2)
    shape = got.shape == (6000, 2)
    holds(shape, zh=f"形状应为 (6000, 2)，得到 {got.shape}", en=f"the shape should be (6000, 2), not {got.shape}")
    holds(got.min() >= 0 and got.max() < 4, zh="有的不是列号", en="some are no columns")
    holds(bool((got[:, 0] != got[:, -1]).all()), zh="有一行把同一列抽了两次", en="a row has one column twice")
    for kind, weights in enumerate(kinds):
        pairs = Counter(tuple(sorted(row)) for row in got[kind::2].tolist())
        for i, j in combinations(range(4), 2):
            zh, en = f"权重 {weights} 抽中 {i} 和 {j}", f"columns {i} and {j} drawn for the weights {weights}"
            share_is(pairs[i, j] / 3000, pair_chance(weights, i, j), 0.045, zh, en)
    with case(zh="只抽一个", en="with one column wanted"):
        got = draw(np.array([[1.0, 1, 1, 1, 1, 1, 10]] * 3000, dtype=np.float32), 1)
        zh, en = (
            "权重 [1, 1, 1, 1, 1, 1, 10] 抽中最后一列",
            "the last column drawn for the weights [1, 1, 1, 1, 1, 1, 10]",
        )
        share_is((got == 6).mean(), 10 / 16, 0.045, zh, en)
    with case(zh="全都要", en="with all columns wanted"):
        got = draw(np.array([[1.0, 5.0, 2.0]], dtype=np.float32), 3)
        close(np.sort(got, axis=1).astype(np.int64), np.array([[0, 1, 2]]))
    draw.comes_from_rng(floats(20, 9) ** 2 + 0.1, 4)


@judged
def test_np_distinct(np_distinct):
    chosen_by_weight(Draws(np_distinct, torch=False))


@judged
def test_pt_distinct(pt_distinct):
    chosen_by_weight(Draws(pt_distinct, torch=True))
