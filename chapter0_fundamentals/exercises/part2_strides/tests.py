"""One test per exercise of the strides lesson; each is called from its cell, and collected by pytest."""

import itertools
import math

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from coach import close, holds, judged, raises


class Calls(TorchFunctionMode):
    """The names of torch's functions that are called within its `with`."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.names.append(getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


def strided(function, *args):
    """What the function returns; it must have called `as_strided`."""
    with Calls() as calls:
        got = function(*args)
    holds(
        "as_strided" in calls.names,
        zh="结果里没有用到 `as_strided`：这里要练的正是它",
        en="it did not call `as_strided`, which is what this exercise is about",
    )
    return got


def by_hand(function, forbidden, *args, **kwargs):
    """What the function returns; it must not have called what it is judged against."""
    with Calls() as calls:
        got = function(*args, **kwargs)
    used = [name for name in calls.names if name in forbidden]
    names = ", ".join(f"`{name}`" for name in sorted(set(used)))
    holds(not used, zh=f"调用了 {names}：这里要自己写", en=f"it called {names}: here you write that yourself")
    return got


def check_view(got, expected, x):
    """Equal to `expected`, and in the memory of `x`."""
    close(got, expected)
    holds(
        got.untyped_storage().data_ptr() == x.untyped_storage().data_ptr(),
        zh="值是对的，但这是拷贝，不是视图：结果没有与 `x` 共用内存",
        en="the values are right, but this is a copy and no view: its memory is not that of `x`",
    )


def matrices():
    """No two axes alike: contiguous; a corner with an offset; every other column; a transpose."""
    torch.manual_seed(0)
    yield torch.arange(12.0).reshape(4, 3)
    yield torch.randn(5, 6)[1:, 2:]
    yield torch.randn(3, 8)[:, 1::2]
    yield torch.randn(5, 3).T


def vectors():
    torch.manual_seed(0)
    yield torch.arange(7.0)
    yield torch.randn(8)[2:]
    yield torch.randn(5, 4)[:, 1]


def gradients_agree(function, reference, inputs, names, **kwargs):
    """The gradients of a random weighting of the result reach every input, and are those of `reference`."""
    inputs = [x.clone().requires_grad_() for x in inputs]
    expected = reference(*inputs, **kwargs)
    torch.manual_seed(9)
    upstream = torch.randn_like(expected)
    right = torch.autograd.grad(expected, inputs, upstream)
    got = function(*inputs, **kwargs)
    holds(got.requires_grad, zh="结果不再与输入相连，没有梯度", en="the result is cut off from its inputs: no gradient")
    for name, g, e in zip(names, torch.autograd.grad(got, inputs, upstream, allow_unused=True), right, strict=True):
        holds(g is not None, zh=f"没有梯度到达 `{name}`", en=f"no gradient reaches `{name}`")
        close(g, e, rtol=1e-3, atol=1e-4)


def slow_addresses(size, stride, offset=0):
    places = [
        offset + sum(i * s for i, s in zip(index, stride, strict=True))
        for index in itertools.product(*map(range, size))
    ]
    return torch.tensor(places, dtype=torch.int64).reshape(tuple(size))


@judged
def test_addresses(addresses):
    close(addresses((3,), (2,)), torch.tensor([0, 2, 4]))
    close(addresses((2, 3), (4, 1), 5), torch.tensor([[5, 6, 7], [9, 10, 11]]))
    for size, stride, offset in (((3, 2), (1, 5), 2), ((2, 3, 4), (7, 0, 2), 1), ((), (), 4), ((0, 3), (3, 1), 0)):
        close(addresses(size, stride, offset), slow_addresses(size, stride, offset))


@judged
def test_puzzle_column(puzzle_column):
    for x in matrices():
        check_view(strided(puzzle_column, x), torch.tensor([row[0] for row in x.tolist()]), x)


@judged
def test_puzzle_every_other(puzzle_every_other):
    for x in vectors():
        check_view(strided(puzzle_every_other, x), torch.tensor(x.tolist()[::2]), x)
    x = torch.tensor([4.0])
    check_view(puzzle_every_other(x), torch.tensor([4.0]), x)


@judged
def test_puzzle_transpose(puzzle_transpose):
    for x in matrices():
        expected = torch.tensor([list(column) for column in zip(*x.tolist(), strict=True)])
        check_view(strided(puzzle_transpose, x), expected, x)


@judged
def test_puzzle_row(puzzle_row):
    for x in matrices():
        for i in (2, 0, 1):
            check_view(strided(puzzle_row, x, i), torch.tensor(x.tolist()[i]), x)


@judged
def test_puzzle_repeat(puzzle_repeat):
    for x, times in zip(vectors(), (3, 2, 4), strict=True):
        check_view(strided(puzzle_repeat, x, times), torch.tensor([x.tolist()] * times), x)


@judged
def test_puzzle_windows(puzzle_windows):
    for x, size in itertools.product(vectors(), (3, 1, 5)):
        runs = [x.tolist()[i : i + size] for i in range(len(x) - size + 1)]
        check_view(strided(puzzle_windows, x, size), torch.tensor(runs), x)


@judged
def test_puzzle_tiles(puzzle_tiles):
    torch.manual_seed(0)
    images = torch.arange(24.0).reshape(4, 6), torch.randn(7, 5), torch.randn(5, 8)[1:, 2:], torch.randn(6, 9).T
    for x, size in zip(images, (2, 2, 2, 3), strict=True):
        rows, (tiles_h, tiles_w) = x.tolist(), (n // size for n in x.shape)
        tiles = [
            [[row[j * size : (j + 1) * size] for row in rows[i * size : (i + 1) * size]] for j in range(tiles_w)]
            for i in range(tiles_h)
        ]
        check_view(strided(puzzle_tiles, x, size), torch.tensor(tiles), x)


@judged
def test_puzzle_antidiagonal(puzzle_antidiagonal):
    torch.manual_seed(0)
    for x in (
        torch.arange(16.0).reshape(4, 4),
        torch.randn(5, 6)[2:, 3:],
        torch.randn(3, 7)[:, 1::2],
        torch.ones(1, 1),
    ):
        expected = torch.tensor([row[-1 - i] for i, row in enumerate(x.tolist())])
        check_view(strided(puzzle_antidiagonal, x), expected, x)


# (what it is, x, size, stride, offset, whether it stays inside)
def bounds_cases():
    x = torch.arange(20.0)
    yield "the whole of it", x, (4, 5), (5, 1), 0, True
    yield "one too many", x, (21,), (1,), 0, False
    yield "a slice, and just that", x[2:6], (2, 3), (1, 1), 2, True
    yield "a slice, and its neighbour after", x[2:6], (5,), (1,), 2, False
    yield "a slice, and its neighbour before", x[2:6], (3,), (1,), 1, False
    yield "between the elements of x[::2]", x[::2], (3,), (3,), 0, False
    yield "x[::2], backwards in jumps of 4", x[::2], (5,), (4,), 0, True
    yield "a column", x.reshape(4, 5)[:, 1], (4,), (5,), 1, True
    yield "nothing", x[:3], (0, 7), (9, 9), 2, True


@judged(skip=dict.fromkeys(("repeat", "strided", "float64"), "the battery copies arguments, and this is about memory"))
def test_stays_inside(stays_inside):
    for name, x, size, stride, offset, expected in bounds_cases():
        got = stays_inside(x, size, stride, offset)
        holds(
            type(got) is bool,
            zh=f"应当返回 bool，得到 {type(got).__name__}",
            en=f"bool expected, got {type(got).__name__}",
        )
        en = f"{name}: expected {expected} for size {size}, stride {stride}, offset {offset}"
        holds(got == expected, zh=f"{en}（见测试里的 `bounds_cases`）", en=en)


OVERLAP_CASES = [  # (size, stride, whether two indices meet)
    ((3, 4), (4, 1), False),
    ((4, 3), (1, 4), False),
    ((3, 4), (0, 1), True),  # a repeated row
    ((6, 3), (1, 1), True),  # windows
    ((3, 4), (2, 1), True),  # windows that jump by 2
    ((3, 3), (2, 3), False),  # interleaved: 0 3 6 2 5 8 4 7 10
    ((4, 3), (2, 3), True),  # 0 + 2 * 3 = 3 * 2 + 0
    ((1, 4), (0, 1), False),  # an axis of length 1 takes no step
    ((0, 4), (0, 0), False),
    ((5,), (3,), False),
    ((), (), False),
]


@judged
def test_overlaps(overlaps):
    for size, stride, expected in OVERLAP_CASES:
        close(overlaps(size, stride), expected)


@judged(gradients="mat")
def test_as_strided_trace(as_strided_trace):
    torch.manual_seed(0)
    for mat in (torch.arange(9.0).reshape(3, 3), torch.randn(6, 7)[1:5, 3:], torch.randn(5, 5).T, torch.randn(1, 1)):
        close(strided(as_strided_trace, mat), torch.tensor(sum(row[i] for i, row in enumerate(mat.tolist()))))


@judged(gradients="mat vec")
def test_as_strided_mv(as_strided_mv):
    close(
        strided(as_strided_mv, torch.tensor([[1.0, 2, 3], [4, 5, 6]]), torch.tensor([1.0, 0, -1])),
        torch.tensor([-2.0, -2]),
    )
    torch.manual_seed(0)
    for mat, vec in (
        (torch.randn(3, 5), torch.randn(5)),
        (torch.randn(4, 3), torch.randn(6, 2)[::2, 1]),
        (torch.randn(2, 6).T, torch.randn(5)[3:]),
    ):
        close(as_strided_mv(mat, vec), mat @ vec)


@judged(gradients="A B")
def test_as_strided_mm(as_strided_mm):
    torch.manual_seed(0)
    for A, B in (
        (torch.tensor([[1.0, 2, 3], [4, 5, 6]]), torch.tensor([[1.0, 0, 2, 1], [0, 1, 1, 3], [2, 1, 0, -1]])),
        (torch.randn(4, 3).T, torch.randn(4, 2)),
        (torch.randn(2, 3), torch.randn(5, 3).T),
        (torch.randn(5, 8)[1:, ::2], torch.randn(6, 3)[2:]),
        (torch.randn(2, 1), torch.randn(1, 3)),
    ):
        close(strided(as_strided_mm, A, B), A @ B)


TORCHS_OWN = {"conv1d", "conv2d", "conv3d", "max_pool1d", "max_pool2d", "max_pool2d_with_indices"}


@judged(gradients="x weights")
def test_conv1d_minimal_simple(conv1d_minimal_simple):
    got = by_hand(conv1d_minimal_simple, TORCHS_OWN, torch.tensor([1.0, 2, 4, 8, 16]), torch.tensor([1.0, 0, -3]))
    close(got, torch.tensor([1.0 - 12, 2 - 24, 4 - 48]))  # by hand
    torch.manual_seed(0)
    for x, weights in (
        (torch.randn(9), torch.randn(4)),
        (torch.randn(8, 3)[:, 1], torch.randn(2)),
        (torch.randn(4), torch.randn(8)[::2]),
    ):
        close(conv1d_minimal_simple(x, weights), torch.conv1d(x[None, None], weights[None, None])[0, 0])


def check_channels(function, x, weights):
    """`x` in the middle of more memory: reading on would find plausible numbers there."""
    more = torch.cat([x, x + 1])[: len(x)]
    for name, w in (("more", weights.repeat_interleave(2, dim=1)), ("fewer", weights[:, :1])):
        try:
            raises(Exception, function, more, w)
        except AssertionError:
            zh = f"`weights` 的输入通道数与 `x` 不符（{w.shape[1]} 与 {x.shape[1]}），却没有报错：视图读到了别处的内存"
            en = f"`weights` has {name} input channels than `x` and nothing was raised: the view reads other memory"
            holds(False, zh=zh, en=en)


@judged(gradients="x weights")
def test_conv1d_minimal(conv1d_minimal):
    x, weights = torch.tensor([[[1.0, 2, 4, 8]]]), torch.tensor([[[1.0, 0, -3]]])
    close(by_hand(conv1d_minimal, TORCHS_OWN, x, weights), torch.tensor([[[1.0 - 12, 2 - 24]]]))  # by hand
    torch.manual_seed(0)
    for x, weights in (
        (torch.randn(2, 3, 11), torch.randn(5, 3, 4)),
        (torch.randn(3, 2, 6), torch.randn(2, 2, 3)),
        (torch.randn(7, 4, 2).permute(1, 2, 0), torch.randn(3, 2, 2)),
        (torch.randn(1, 2, 3), torch.randn(4, 2, 3)),
    ):
        close(conv1d_minimal(x, weights), torch.conv1d(x, weights))
    check_channels(conv1d_minimal, torch.randn(2, 3, 8), torch.randn(4, 3, 2))


@judged(gradients="x weights")
def test_conv2d_minimal(conv2d_minimal):
    x, weights = torch.tensor([[[[1.0, 2, 4], [8, 16, 32], [3, 5, 7]]]]), torch.tensor([[[[1.0, 0], [0, -3]]]])
    expected = torch.tensor([[[[1.0 - 48, 2 - 96], [8 - 15, 16 - 21]]]])  # by hand
    close(by_hand(conv2d_minimal, TORCHS_OWN, x, weights), expected)
    torch.manual_seed(0)
    for x, weights in (
        (torch.randn(2, 3, 7, 9), torch.randn(5, 3, 2, 4)),
        (torch.randn(3, 2, 5, 6), torch.randn(2, 2, 3, 3)),
        (torch.randn(2, 8, 6, 3).permute(0, 3, 1, 2), torch.randn(4, 3, 3, 2)),
        (torch.randn(1, 2, 3, 4), torch.randn(4, 2, 3, 4)),
    ):
        close(conv2d_minimal(x, weights), torch.conv2d(x, weights))
    gradients_agree(conv2d_minimal, torch.conv2d, (torch.randn(2, 3, 5, 6), torch.randn(4, 3, 2, 3)), ("x", "weights"))
    check_channels(conv2d_minimal, torch.randn(2, 3, 5, 6), torch.randn(4, 3, 2, 3))


@judged
def test_output_size(output_size):
    close(output_size(7, 3, 1, 0), 5)
    close(output_size(7, 3, 2, 1), 4)
    for size, kernel, stride, padding in itertools.product((6, 9, 10), (1, 3, 4), (1, 2, 3), (0, 2)):
        windows = range(0, size + 2 * padding - kernel + 1, stride)
        close(output_size(size, kernel, stride, padding), len(windows))
    close(output_size(3, 3), 1)
    raises(ValueError, output_size, 3, 4)
    raises(ValueError, output_size, 2, 7, 3, 2)


@judged(gradients="x")
def test_pad1d(pad1d):
    x = torch.tensor([[[1.0, 2, 3], [4, 5, 6]]])
    expected = torch.tensor([[[9.0, 1, 2, 3, 9, 9], [9, 4, 5, 6, 9, 9]]])
    close(by_hand(pad1d, {"pad", "constant_pad_nd"}, x, 1, 2, 9.0), expected)
    torch.manual_seed(0)
    x = torch.randn(3, 2, 5)
    for left, right, value in ((4, 0, -1.5), (0, 1, 0.0), (0, 0, 2.0), (1, 1, -math.inf)):
        close(pad1d(x, left, right, value), F.pad(x, (left, right), value=value))
    gradients_agree(
        lambda x: pad1d(x, 2, 1, 0.5), lambda x: F.pad(x, (2, 1), value=0.5), (torch.randn(2, 3, 4),), ("x",)
    )


@judged(gradients="x")
def test_pad2d(pad2d):
    x = torch.tensor([[[[1.0, 2], [3, 4], [5, 6]]]])
    rows = [[7.0, 1, 2, 7, 7], [7, 3, 4, 7, 7], [7, 5, 6, 7, 7]]
    expected = torch.tensor([[[*rows, *[[7.0] * 5] * 3]]])
    close(by_hand(pad2d, {"pad", "constant_pad_nd"}, x, 1, 2, 0, 3, 7.0), expected)
    torch.manual_seed(0)
    x = torch.randn(3, 2, 5, 4)
    for *sides, value in ((4, 0, 1, 2, -1.5), (0, 1, 3, 0, 0.0), (0, 0, 0, 0, 2.0), (1, 1, 2, 2, -math.inf)):
        close(pad2d(x, *sides, value), F.pad(x, sides, value=value))
    gradients_agree(lambda x: pad2d(x, 2, 1, 0, 3, 0.5), lambda x: F.pad(x, (2, 1, 0, 3), value=0.5), (x,), ("x",))


@judged(gradients="x weights")
def test_conv1d(conv1d):
    x, weights = torch.tensor([[[1.0, 2, 4, 8, 16, 32]]]), torch.tensor([[[1.0, 0, -3]]])
    close(by_hand(conv1d, TORCHS_OWN, x, weights, 2, 0), torch.tensor([[[1.0 - 12, 4 - 48]]]))  # by hand
    close(conv1d(x, weights, 1, 1), torch.tensor([[[0.0 - 6, 1 - 12, 2 - 24, 4 - 48, 8 - 96, 16]]]))
    torch.manual_seed(0)
    x, weights = torch.randn(2, 3, 11), torch.randn(5, 3, 4)
    for stride, padding in ((1, 0), (3, 2), (2, 3), (5, 1)):
        close(conv1d(x, weights, stride, padding), torch.conv1d(x, weights, stride=stride, padding=padding))
        gradients_agree(conv1d, torch.conv1d, (x, weights), ("x", "weights"), stride=stride, padding=padding)
    close(conv1d(x, weights), torch.conv1d(x, weights))
    close(conv1d(x[:1], weights, stride=2, padding=1), torch.conv1d(x[:1], weights, stride=2, padding=1))
    raises(Exception, conv1d, x[..., :2], weights)


# (what it is, stride, padding)
CONV2D_CASES = [
    ("stride and padding are numbers", 2, 1),
    ("no stride, no padding", 1, 0),
    ("a stride (height, width)", (3, 1), 0),
    ("a padding (height, width)", 1, (2, 0)),
    ("both are pairs", (2, 3), (1, 2)),
    ("a stride that leaves a remainder", (4, 5), (0, 1)),
]


def number_of_calls(function, *args):
    with Calls() as calls:
        function(*args)
    return len(calls.names)


@judged(gradients="x weights")
def test_conv2d(conv2d):
    x, weights = torch.tensor([[[[1.0, 2, 4], [8, 16, 32], [3, 5, 7]]]]), torch.tensor([[[[1.0, 0], [0, -3]]]])
    expected = torch.tensor([[[[1.0 - 48, 2 - 96], [8 - 15, 16 - 21]]]])  # by hand
    close(by_hand(conv2d, TORCHS_OWN, x, weights), expected)
    torch.manual_seed(0)
    x, weights = torch.randn(2, 3, 8, 11), torch.randn(5, 3, 2, 4)
    for _, stride, padding in CONV2D_CASES:
        for a, b in ((x, weights), (x[:1], weights), (torch.randn(2, 9, 7, 3).permute(0, 3, 1, 2), weights[:1])):
            close(conv2d(a, b, stride, padding), torch.conv2d(a, b, stride=stride, padding=padding))
        gradients_agree(conv2d, torch.conv2d, (x, weights), ("x", "weights"), stride=stride, padding=padding)
    once = number_of_calls(conv2d, x, weights, 2, 1)
    more = number_of_calls(conv2d, torch.randn(7, 6, 12, 13), torch.randn(9, 6, 3, 5), 2, 1)
    holds(
        more == once,
        zh=f"图和核变大、变多，调用 torch 的次数也多了（{once} 变成 {more}）：里面有循环",
        en=f"with more and larger images and kernels it calls torch more often ({once}, then {more}): it loops",
    )
    check_channels(conv2d, x, weights)
    raises(Exception, conv2d, x[..., :3], weights)


def slow_max_along(x, kernel, stride, dim):
    starts = range(0, x.shape[dim] - kernel + 1, stride)
    return torch.stack([x.narrow(dim, i, kernel).amax(dim) for i in starts], dim)


@judged(gradients="x")
def test_max_along(max_along):
    close(max_along(torch.tensor([1.0, 5, 2, 3, -4, 0, 9]), 3, 2, 0), torch.tensor([5.0, 3, 9]))  # by hand
    torch.manual_seed(0)
    for x, kernel, stride, dim in (
        (torch.randn(3, 7), 3, 1, -1),
        (torch.randn(6, 4), 2, 3, 0),
        (torch.randn(2, 5, 8)[:, 1:, 2:], 2, 2, -2),
        (torch.randn(9, 4).T, 4, 3, 1),
        (-torch.rand(5), 1, 2, 0),
    ):
        close(max_along(x, kernel, stride, dim), slow_max_along(x, kernel, stride, dim))
    bad = torch.tensor([1.0, math.nan, 2, 3, 4])
    close(max_along(bad, 2, 1, 0), torch.tensor([math.nan, math.nan, 3, 4]), equal_nan=True)


# (what it is, kernel_size, stride, padding)
POOL_CASES = [
    ("numbers, no stride", 3, None, 0),
    ("a kernel (height, width), no stride", (2, 3), None, 0),
    ("a stride of its own", 2, 1, 0),
    ("a stride (height, width)", (3, 2), (1, 3), 0),
    ("a padding", 3, 2, 1),
    ("a padding (height, width)", (2, 5), (2, 3), (1, 2)),
]


@judged(gradients="x")
def test_maxpool2d(maxpool2d):
    x = torch.tensor([[[[1.0, 2, 9, 4], [8, 3, 5, 7], [0, 6, 1, 1]]]])
    close(by_hand(maxpool2d, TORCHS_OWN, x, 2), torch.tensor([[[[8.0, 9]]]]))  # by hand
    torch.manual_seed(0)
    x = torch.randn(2, 3, 9, 10)
    for _, kernel_size, stride, padding in POOL_CASES:
        expected = F.max_pool2d(x, kernel_size, stride, padding)
        close(maxpool2d(x, kernel_size, stride, padding), expected)
        close(maxpool2d(x[:1] - 9, kernel_size, stride, padding), expected[:1] - 9)  # all negative
        options = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        gradients_agree(maxpool2d, F.max_pool2d, (x,), ("x",), **options)
    bad = x.clone()
    bad[0, 1, 2, 3] = math.nan
    close(maxpool2d(bad, 3, 2, 1), F.max_pool2d(bad, 3, 2, 1), equal_nan=True)
    turned = torch.randn(2, 7, 6, 3).permute(0, 3, 2, 1)
    close(maxpool2d(turned, (3, 2), 2, 1), F.max_pool2d(turned, (3, 2), 2, 1))
