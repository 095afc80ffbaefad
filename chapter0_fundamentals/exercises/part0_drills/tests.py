"""One test per exercise of the first drills; each is called from its cell, and collected by pytest.

A drill's loop in loops.py is its specification: both answers are held against it on the same cases.
"""

import math

import numpy as np

from coach import judged
from part0_drills import loops
from part0_drills.agreement import Case, Drill, flags, floats, whole


def holed() -> np.ndarray:
    """A table with missing numbers, and a row that has nothing else."""
    x = floats(3, 4, seed=1)
    x[0, 2], x[1] = math.nan, math.nan
    return x


def chances(batch: int, n: int, seed: int = 0) -> np.ndarray:
    """Random distributions, one a row."""
    return np.random.default_rng(seed).dirichlet(np.ones(n), size=batch).astype(np.float32)


def near_one(*shape: int) -> np.ndarray:
    """Numbers of float64, no two alike, that float32 can't tell apart."""
    return 1 + 1e-12 * np.random.default_rng(5).permutation(np.prod(shape)).reshape(shape)


# Creating


one_hot = Drill(
    loops.one_hot,
    "float",
    lambda: [
        Case((whole(5, 7), 5)),
        Case((np.array([2, 0, 1]), 4), zh="有的类别没有出现", en="with a class that doesn't occur"),
        Case((np.array([0]), 1), zh="只有一类", en="with one class"),
    ],
)


@judged
def test_np_one_hot(np_one_hot):
    one_hot.in_numpy(np_one_hot)


@judged
def test_pt_one_hot(pt_one_hot):
    one_hot.in_torch(pt_one_hot)


causal_mask = Drill(
    loops.causal_mask,
    "bool",
    lambda: [
        Case((4,)),
        Case((7,)),
        Case((1,), zh="只有一个词", en="with one token"),
        Case((300,), zh="三百个词", en="with 300 tokens"),
    ],
)


@judged
def test_np_causal_mask(np_causal_mask):
    causal_mask.in_numpy(np_causal_mask)


@judged
def test_pt_causal_mask(pt_causal_mask):
    causal_mask.in_torch(pt_causal_mask)


warmup = Drill(
    loops.warmup,
    "float",
    lambda: [
        Case((9, 4)),
        Case((5, 1), zh="`warm` 是 1", en="where `warm` is 1"),
        Case((3, 8), zh="`warm` 比 `steps` 大", en="where `warm` is above `steps`"),
        Case((6, 6)),
        Case((2, 3), zh="`1 / warm` 除不尽", en="where `1 / warm` is rounded"),
        Case((4, 9)),
    ],
)


@judged
def test_np_warmup(np_warmup):
    warmup.in_numpy(np_warmup)


@judged
def test_pt_warmup(pt_warmup):
    warmup.in_torch(pt_warmup)


pixel_centres = Drill(
    loops.pixel_centres,
    "float",
    lambda: [Case((3, 4)), Case((5, 2)), Case((1, 3), zh="只有一行", en="with one row"), Case((2, 1))],
)


@judged
def test_np_pixel_centres(np_pixel_centres):
    pixel_centres.in_numpy(np_pixel_centres)


@judged
def test_pt_pixel_centres(pt_pixel_centres):
    pixel_centres.in_torch(pt_pixel_centres)


sinusoids = Drill(
    loops.sinusoids,
    "float",
    lambda: [Case((6, 8)), Case((11, 4)), Case((1, 2), zh="只有一个位置", en="with one position"), Case((40, 6))],
)


@judged
def test_np_sinusoids(np_sinusoids):
    sinusoids.in_numpy(np_sinusoids)


@judged
def test_pt_sinusoids(pt_sinusoids):
    sinusoids.in_torch(pt_sinusoids)


# Indexing


embed = Drill(
    loops.embed,
    "float",
    lambda: [
        Case((floats(6, 3), whole(6, 2, 4))),
        Case((floats(9, 2), np.array([[8], [0], [8]]))),
        Case((floats(4, 5, seed=1), whole(4, 2, 3))),
    ],
)


@judged
def test_np_embed(np_embed):
    embed.in_numpy(np_embed)


@judged
def test_pt_embed(pt_embed):
    embed.in_torch(pt_embed)


shift_right = Drill(
    loops.shift_right,
    "int",
    lambda: [
        Case((whole(9, 3, 5), 1)),
        Case((whole(9, 2, 4, seed=1) - 5, 0)),
        Case((np.array([[4], [5]]), 9), zh="每行只有一个词", en="with one token in each row"),
    ],
)


@judged
def test_np_shift_right(np_shift_right):
    shift_right.in_numpy(np_shift_right)


@judged
def test_pt_shift_right(pt_shift_right):
    shift_right.in_torch(pt_shift_right)


picked = Drill(
    loops.picked,
    "float",
    lambda: [
        Case((floats(5, 3), np.array([2, 0, 1, 1, 0]))),
        Case((floats(4, 4, seed=1), np.array([3, 3, 0, 1])), zh="表是方的", en="on a square table"),
        Case((floats(1, 6), np.array([4])), zh="只有一行", en="with one row"),
        Case((floats(4, 70, seed=2), np.array([69, 0, 33, 64])), zh="有七十类", en="with seventy classes"),
    ],
)


@judged
def test_np_picked(np_picked):
    picked.in_numpy(np_picked)


@judged
def test_pt_picked(pt_picked):
    picked.in_torch(pt_picked)


last_states = Drill(
    loops.last_states,
    "float",
    lambda: [
        Case((floats(4, 5, 3), np.array([5, 1, 3, 2]))),
        Case((floats(2, 2, 2, seed=1), np.array([1, 2]))),
        Case((floats(1, 4, 2), np.array([2])), zh="只有一个序列", en="with one sequence"),
    ],
)


@judged
def test_np_last_states(np_last_states):
    last_states.in_numpy(np_last_states)


@judged
def test_pt_last_states(pt_last_states):
    last_states.in_torch(pt_last_states)


crops = Drill(
    loops.crops,
    "float",
    lambda: [
        Case((floats(3, 6, 8), np.array([0, 3, 1]), np.array([5, 0, 2]), 3)),
        Case((floats(2, 4, 5), np.array([3, 0]), np.array([1, 4]), 1), zh="一个像素的块", en="with crops of one pixel"),
        Case((floats(2, 6, 6, seed=1), np.array([0, 2]), np.array([3, 1]), 2)),
        Case(
            (floats(3, 3, 7), np.array([0, 0, 0]), np.array([4, 1, 0]), 3),
            zh="与图一样高的块",
            en="with crops as high as the image",
        ),
    ],
)


@judged
def test_np_crops(np_crops):
    crops.in_numpy(np_crops)


@judged
def test_pt_crops(pt_crops):
    crops.in_torch(pt_crops)


# Masking


padding_mask = Drill(
    loops.padding_mask,
    "bool",
    lambda: [
        Case((np.array([2, 4, 1]), 5)),
        Case((np.array([0, 3, 2, 0]), 3), zh="有长度 0 和 `longest`", en="with lengths 0 and `longest`"),
        Case((np.array([300, 257, 130]), 300), zh="三百列", en="with 300 columns"),
    ],
)


@judged
def test_np_padding_mask(np_padding_mask):
    padding_mask.in_numpy(np_padding_mask)


@judged
def test_pt_padding_mask(pt_padding_mask):
    padding_mask.in_torch(pt_padding_mask)


silence = Drill(
    loops.silence,
    "float",
    lambda: [
        Case((floats(3, 5), flags(3, 5))),
        Case((floats(2, 4), np.zeros((2, 4), dtype=bool)), zh="全部挡住", en="with all of them shut out"),
        Case((floats(2, 3), np.ones((2, 3), dtype=bool)), zh="一个也不挡", en="with none shut out"),
    ],
)


@judged
def test_np_silence(np_silence):
    silence.in_numpy(np_silence)


@judged
def test_pt_silence(pt_silence):
    silence.in_torch(pt_silence)


masked_mean = Drill(
    loops.masked_mean,
    "float",
    lambda: [
        Case((floats(4, 6), flags(4, 6))),
        Case(
            (floats(3, 4), np.array([[True] * 4, [False] * 4, [True, False, False, False]])),
            zh="有一行全是假",
            en="with a row of nothing but false",
        ),
        Case((holed(), ~np.isnan(holed())), zh="假的地方是 NaN", en="with NaN where the mask is false"),
        Case(
            (np.array([[0, 2, 9, 4], [3, 0, 0, 9]], dtype=np.float32), np.array([[1, 1, 0, 1], [1, 1, 1, 0]]) == 1),
            zh="真的数里有 0",
            en="with 0 among the true ones",
        ),
        Case(
            (floats(3, 4, seed=2), np.array([[True] * 4, [False, True, True, True], [False] * 4])),
            zh="最后一行全是假",
            en="with nothing but false in the last row",
        ),
    ],
)


@judged
def test_np_masked_mean(np_masked_mean):
    masked_mean.in_numpy(np_masked_mean)


@judged
def test_pt_masked_mean(pt_masked_mean):
    masked_mean.in_torch(pt_masked_mean)


first_true = Drill(
    loops.first_true,
    "int",
    lambda: [
        Case((flags(6, 7, share=0.3),)),
        Case((np.array([[False, True, True], [True, False, True], [False, False, True]]),)),
        Case((np.array([[False, False], [True, False]]),), zh="有一行全是假", en="with a row of nothing but false"),
    ],
)


@judged
def test_np_first_true(np_first_true):
    first_true.in_numpy(np_first_true)


@judged
def test_pt_first_true(pt_first_true):
    first_true.in_torch(pt_first_true)


pad = Drill(
    loops.pad,
    "int",
    lambda: [
        Case((whole(50, 9), np.array([4, 2, 3]), -1)),
        Case((whole(50, 5, seed=1), np.array([0, 5, 0]), 0), zh="有空的句子", en="with empty sentences"),
        Case((np.array([0, 7, 0, 3]), np.array([1, 3]), 99), zh="句子里有 0", en="with 0 in a sentence"),
    ],
)


@judged
def test_np_pad(np_pad):
    pad.in_numpy(np_pad)


@judged
def test_pt_pad(pt_pad):
    pad.in_torch(pt_pad)


# Reducing


channel_means = Drill(
    loops.channel_means,
    "float",
    lambda: [Case((floats(2, 3, 4, 5),)), Case((floats(1, 4, 3, 2, seed=1) + 2,)), Case((floats(5, 1, 2, 2),))],
)


@judged
def test_np_channel_means(np_channel_means):
    channel_means.in_numpy(np_channel_means)


@judged
def test_pt_channel_means(pt_channel_means):
    channel_means.in_torch(pt_channel_means)


accuracy = Drill(
    loops.accuracy,
    "number",
    lambda: [
        Case((floats(7, 3), np.array([1, 0, 2, 2, 1, 0, 0]))),
        Case((-1 - floats(3, 4) ** 2, np.array([3, 1, 2])), zh="分数都是负的", en="with negative scores only"),
        Case((np.eye(4, dtype=np.float32), np.arange(4)), zh="全对", en="with all of them right"),
        Case(
            (near_one(3, 4), np.array([1, 3, 0])),
            zh="float64 的分数只差一点点",
            en="with float64 scores that nearly agree",
        ),
    ],
)


@judged(skip={"float64": "a share has no dtype to keep"})
def test_np_accuracy(np_accuracy):
    accuracy.in_numpy(np_accuracy)


@judged(skip={"float64": "a share has no dtype to keep"})
def test_pt_accuracy(pt_accuracy):
    accuracy.in_torch(pt_accuracy)


best_so_far = Drill(
    loops.best_so_far,
    "float",
    lambda: [
        Case((floats(12),)),
        Case((np.array([3.0, 1.0, 2.0, 1.0, -4.0, 5.0], dtype=np.float32),)),
        Case((np.arange(1, 6, dtype=np.float32),), zh="一直上升", en="where it only rises"),
        Case((floats(1),), zh="只有一步", en="with one step"),
        Case((np.array([3000, 5000, 2000, 4000], dtype=np.float32),), zh="损失上千", en="with losses in the thousands"),
    ],
)


@judged
def test_np_best_so_far(np_best_so_far):
    best_so_far.in_numpy(np_best_so_far)


@judged
def test_pt_best_so_far(pt_best_so_far):
    best_so_far.in_torch(pt_best_so_far)


running_mean = Drill(
    loops.running_mean,
    "float",
    lambda: [
        Case((floats(3, 8),)),
        Case((floats(4, 1) + 5,), zh="每行一个数", en="with one number in each row"),
        Case((floats(1, 5, seed=1) - 3,)),
    ],
)


@judged
def test_np_running_mean(np_running_mean):
    running_mean.in_numpy(np_running_mean)


@judged
def test_pt_running_mean(pt_running_mean):
    running_mean.in_torch(pt_running_mean)


returns = Drill(
    loops.returns,
    "float",
    lambda: [
        Case((floats(9), 0.9)),
        Case((floats(6, seed=1), 0.0), zh="`discount` 是 0", en="where `discount` is 0"),
        Case((floats(5, seed=2), 1.0), zh="`discount` 是 1", en="where `discount` is 1"),
        Case((floats(300, seed=3), 0.5), zh="三百步", en="with three hundred steps"),
    ],
)


@judged
def test_np_returns(np_returns):
    returns.in_numpy(np_returns)


@judged
def test_pt_returns(pt_returns):
    returns.in_torch(pt_returns)


# Sorting and ranking


top_k = Drill(
    loops.top_k,
    "int",
    lambda: [
        Case((floats(4, 7), 3)),
        Case((floats(3, 5, seed=1), 1), zh="`k` 是 1", en="where `k` is 1"),
        Case((-(floats(2, 4, seed=2) ** 2), 4), zh="全部都要，都是负数", en="with all wanted, and all negative"),
        Case((floats(1, 1000, seed=3), 300), zh="一千个里要三百个", en="with 300 wanted of 1000"),
        Case((near_one(2, 6), 3), zh="float64 的分数只差一点点", en="with float64 scores that nearly agree"),
    ],
)


@judged
def test_np_top_k(np_top_k):
    top_k.in_numpy(np_top_k)


@judged
def test_pt_top_k(pt_top_k):
    top_k.in_torch(pt_top_k)


by_length = Drill(
    loops.by_length,
    "int",
    lambda: [
        Case((whole(5, 200) + 1,)),
        Case((np.array([3, 1, 3, 2, 1, 3]),)),
        Case((np.full(30, 4),), zh="全都一样长", en="with equal lengths only"),
    ],
)


@judged
def test_np_by_length(np_by_length):
    by_length.in_numpy(np_by_length)


@judged
def test_pt_by_length(pt_by_length):
    by_length.in_torch(pt_by_length)


ranks = Drill(
    loops.ranks,
    "int",
    lambda: [
        Case((floats(9),)),
        Case((np.array([2.0, -1.0, 2.0, 5.0, -1.0, 2.0], dtype=np.float32),), zh="有相等的数", en="with equal numbers"),
        Case((floats(1),), zh="只有一个数", en="with one number"),
        Case(
            (np.array([3e-7, 0, 2e-7, 1e-7], dtype=np.float32),),
            zh="相差极小的数",
            en="with numbers very close together",
        ),
        Case((near_one(7),), zh="float64 的数只差一点点", en="with float64 numbers that nearly agree"),
    ],
)


@judged
def test_np_ranks(np_ranks):
    ranks.in_numpy(np_ranks)


@judged
def test_pt_ranks(pt_ranks):
    ranks.in_torch(pt_ranks)


inverse = Drill(
    loops.inverse,
    "int",
    lambda: [
        Case((np.array([3, 1, 4, 0, 2]),)),
        Case((np.array([1, 2, 3, 0]),), zh="一个圈", en="on one round"),
        Case((np.random.default_rng(0).permutation(11).astype(np.int64),)),
        Case((np.array([0]),)),
    ],
)


@judged
def test_np_inverse(np_inverse):
    inverse.in_numpy(np_inverse)


@judged
def test_pt_inverse(pt_inverse):
    inverse.in_torch(pt_inverse)


nucleus = Drill(
    loops.nucleus,
    "bool",
    lambda: [
        Case((chances(5, 6), 0.75)),
        Case((chances(4, 9, seed=2), 0.9)),
        Case(
            (np.array([[0.25, 0.6, 0.15], [0.35, 0.2, 0.45]], dtype=np.float32), 0.3),
            zh="一个就够的行",
            en="with rows where one is enough",
        ),
        Case((chances(3, 4, seed=1), 0.985), zh="几乎全要", en="with nearly all of them"),
    ],
)


@judged
def test_np_nucleus(np_nucleus):
    nucleus.in_numpy(np_nucleus)


@judged
def test_pt_nucleus(pt_nucleus):
    nucleus.in_torch(pt_nucleus)
