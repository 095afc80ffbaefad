"""One test per exercise of the strides lesson; each is called from its cell, and collected by pytest."""

import itertools
import math

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from coach import calling, case, close, holds, judged, raises, shares_memory, without

PRODUCTS = {"matmul", "mm", "mv", "bmm", "dot", "vdot", "inner", "einsum", "tensordot", "vecdot", "linear", "bilinear"}
PRODUCTS |= {"addmm", "addmv", "addbmm", "baddbmm", "multi_dot", "chain_matmul", "trace", "diagonal", "diag"}
CONVOLUTIONS = {"convolution", "convolve", "correlate", "conv1d", "conv2d", "conv3d", "conv_tbc"}
CONVOLUTIONS |= {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}
POOLS = {f"max_pool{n}d{how}" for n in (1, 2, 3) for how in ("", "_with_indices")}
POOLS |= {f"adaptive_max_pool{n}d" for n in (1, 2, 3)} | {"fractional_max_pool2d", "fractional_max_pool3d"}
PADS = {"pad", "constant_pad_nd"}


def check_view(function, expected, x, *args):
    """By `as_strided`, equal to `expected`, and in the memory of `x`."""
    got = calling("as_strided", function, x, *args)
    close(got, expected)
    shares_memory(got, x)


def matrices():
    """Contiguous; a cut from the middle; every other column; a transpose; a square one."""
    torch.manual_seed(0)
    yield torch.arange(12.0).reshape(3, 4)
    yield torch.randn(7, 8)[1:-1, 2:-2]
    yield torch.randn(3, 9)[:, 1::2]
    yield torch.randn(5, 3).T
    yield torch.randn(3, 3)


def vectors():
    torch.manual_seed(0)
    yield torch.arange(6.0)
    yield torch.randn(12)[2:-3]
    yield torch.randn(5, 4)[:, 1]


def gradients_agree(function, reference, *inputs, names="x weights", **options):
    """The gradients of a random weighting of the result reach every input, and are those of `reference`."""
    inputs = [x.detach().clone().requires_grad_() for x in inputs]
    expected = reference(*inputs, **options)
    upstream = torch.randn(expected.shape, generator=torch.Generator().manual_seed(9))
    right = torch.autograd.grad(expected, inputs, upstream)
    got = function(*inputs, **options)
    holds(got.requires_grad, zh="结果不再与输入相连，没有梯度", en="the result is cut off from its inputs: no gradient")
    found = torch.autograd.grad(got, inputs, upstream, allow_unused=True)
    for name, g, e in zip(names.split(), found, right, strict=True):
        holds(g is not None, zh=f"没有梯度到达 `{name}`", en=f"no gradient reaches `{name}`")
        with case(zh=f"`{name}` 的梯度", en=f"the gradient of `{name}`"):
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
    for size, stride, offset in (
        ((3, 2), (1, 5), 2),
        ((2, 3, 4), (7, 0, 2), 1),
        ((2, 2, 3), (6, 3, 1), 0),
        ((1, 4), (9, 3), 8),
        ((), (), 4),
        ((0, 3), (3, 1), 0),
    ):
        close(addresses(size, stride, offset), slow_addresses(size, stride, offset))
    with case(
        zh="地址大于 2**24：float32 存不下其中的奇数", en="addresses above 2**24: float32 can't hold the odd ones"
    ):
        for size, stride, offset in (((2, 3), (4, 1), 2**24), ((3,), (2**24 + 1,), 0)):
            got, expected = addresses(size, stride, offset), slow_addresses(size, stride, offset)
            close(got, expected)
            close(got % 2, expected % 2)  # the last digit, by which the mistake is named


@judged
def test_puzzle_column(puzzle_column):
    for x in matrices():
        check_view(puzzle_column, torch.tensor([row[0] for row in x.tolist()]), x)


@judged
def test_puzzle_every_other(puzzle_every_other):
    for x in (*vectors(), torch.tensor([4.0])):
        check_view(puzzle_every_other, torch.tensor(x.tolist()[::2]), x)


@judged
def test_puzzle_transpose(puzzle_transpose):
    for x in matrices():
        check_view(puzzle_transpose, torch.tensor([list(column) for column in zip(*x.tolist(), strict=True)]), x)


@judged
def test_puzzle_row(puzzle_row):
    for x in matrices():
        for i in (2, 0, 1):
            check_view(puzzle_row, torch.tensor(x.tolist()[i]), x, i)


@judged
def test_puzzle_repeat(puzzle_repeat):
    for x, times in zip((torch.arange(4.0), *vectors()), (3, 4, 2, 1), strict=True):
        check_view(puzzle_repeat, torch.tensor([x.tolist()] * times), x, times)


@judged
def test_puzzle_windows(puzzle_windows):
    for x, size in itertools.product(vectors(), (3, 1, 5)):
        runs = [x.tolist()[i : i + size] for i in range(len(x) - size + 1)]
        check_view(puzzle_windows, torch.tensor(runs), x, size)


@judged
def test_puzzle_tiles(puzzle_tiles):
    torch.manual_seed(0)
    images = torch.arange(24.0).reshape(4, 6), torch.randn(7, 5), torch.randn(6, 9)[1:-1, 2:-1], torch.randn(7, 9).T
    for x, size in zip(images, (2, 2, 2, 3), strict=True):
        rows, (tiles_h, tiles_w) = x.tolist(), (n // size for n in x.shape)
        tiles = [
            [[row[j * size : (j + 1) * size] for row in rows[i * size : (i + 1) * size]] for j in range(tiles_w)]
            for i in range(tiles_h)
        ]
        check_view(puzzle_tiles, torch.tensor(tiles), x, size)


@judged(skip={"strided": "only where rows lie further apart than columns"})
def test_puzzle_antidiagonal(puzzle_antidiagonal):
    torch.manual_seed(0)
    for x in (
        torch.arange(16.0).reshape(4, 4),
        torch.randn(7, 8)[2:-2, 3:-2],
        torch.randn(3, 7)[:, 1::2],
        torch.ones(1, 1),
    ):
        check_view(puzzle_antidiagonal, torch.tensor([row[-1 - i] for i, row in enumerate(x.tolist())]), x)


# (what it is, in Chinese and English, x, size, stride, offset, whether it stays inside)
def bounds_cases():
    x = torch.arange(20.0)
    grid = x.reshape(4, 5)
    yield "读全部", "the whole of it", x, (4, 5), (5, 1), 0, True
    yield "只读几个", "some of it", x, (3,), (4,), 2, True
    yield "每个都读三遍", "each of it three times", x, (3, 20), (0, 1), 0, True
    yield "多读一个", "one too many", x, (21,), (1,), 0, False
    yield "开头太靠后", "a start too late", x, (3,), (4,), 15, False
    yield "正好是一个切片", "a slice, and just that", x[2:6], (2, 3), (1, 1), 2, True
    yield "切片和它后面的邻居", "a slice, and its neighbour after", x[2:6], (5,), (1,), 2, False
    yield "切片和它前面的邻居", "a slice, and its neighbour before", x[2:6], (3,), (1,), 1, False
    yield "落在 x[::2] 的空隙里", "between the elements of x[::2]", x[::2], (3,), (3,), 0, False
    yield "在 x[::2] 上每次走 4", "x[::2], in jumps of 4", x[::2], (5,), (4,), 0, True
    yield "一列", "a column", grid[:, 1], (4,), (5,), 1, True
    yield "从中间切出来的一块", "a block cut from the middle", grid[1:3, 1:4], (2, 3), (5, 1), 6, True
    yield "这一块两行之间的空隙", "the gap between the rows of that block", grid[1:3, 1:4], (4,), (1,), 6, False
    yield "这一块右边的一列", "one column right of that block", grid[1:3, 1:4], (2, 4), (5, 1), 6, False
    yield "转置，再读一行", "a row of a transpose", grid.T[1:], (4,), (1,), 16, True
    yield "别处的数正好相等", "other elements of equal value", torch.zeros(9)[2:6], (3,), (3,), 0, False
    yield "float64 的一个切片", "a slice of float64", x.double()[2:6], (2, 3), (1, 1), 2, True
    yield "什么也不读", "nothing", x[:3], (0, 7), (9, 9), 2, True
    yield "什么也不读，开头在 x 之外", "nothing, from a start outside x", x[:3], (7, 0), (1, 1), 5, True
    yield "什么也不读，开头在存储之外", "nothing, from a start outside the storage", x, (0,), (1,), 50, True


@judged(skip=dict.fromkeys(("repeat", "strided", "float64"), "the battery copies arguments, and this is about memory"))
def test_stays_inside(stays_inside):
    for zh, en, x, size, stride, offset, expected in bounds_cases():
        with case(zh=f"{zh}（`x` 从地址 {x.storage_offset()} 开始）", en=f"{en} (`x` starts at {x.storage_offset()})"):
            close(stays_inside(x, size, stride, offset), expected)


OVERLAP_CASES = [  # (size, stride, whether two indices meet)
    ((3, 4), (4, 1), False),
    ((4, 3), (1, 4), False),
    ((3, 4), (0, 1), True),  # a repeated row
    ((6, 3), (1, 1), True),  # windows
    ((3, 2), (1, 1), True),  # windows, of two
    ((3, 4), (2, 1), True),  # windows that jump by 2
    ((3, 4), (9, 2), False),  # with gaps
    ((3, 3), (2, 3), False),  # interleaved: 0 3 6 2 5 8 4 7 10
    ((4, 3), (2, 3), True),  # 0 + 2 * 3 = 3 * 2 + 0
    ((4, 4), (6, 4), True),  # 2 * 6 = 3 * 4, far apart
    ((2, 2, 2), (1, 2, 3), True),  # 1 + 2 = 3: no two axes meet, all three do
    ((2, 3, 4), (12, 4, 1), False),
    ((1, 1), (3, 3), False),  # an axis of length 1 takes no step
    ((1, 4), (0, 1), False),
    ((0, 4), (0, 0), False),
    ((5,), (3,), False),
    ((5,), (0,), True),
    ((), (), False),
]


@judged
def test_overlaps(overlaps):
    for size, stride, expected in OVERLAP_CASES:
        close(overlaps(size, stride), expected)


def laid_out(function, *args):
    """What the function returns: it lays views out by `as_strided`, and uses no product that is ready-made."""
    without(PRODUCTS, function, *args)
    return calling("as_strided", function, *args)


@judged(gradients="mat")
def test_as_strided_trace(as_strided_trace):
    torch.manual_seed(0)
    for mat in (
        torch.arange(9.0).reshape(3, 3),
        torch.randn(6, 7)[1:5, 3:],
        torch.randn(5, 5).T,
        torch.randn(4, 8)[:, ::2],  # its rows fit together: `reshape` gives a view with gaps
        torch.randn(1, 1),
    ):
        close(laid_out(as_strided_trace, mat), torch.tensor(sum(row[i] for i, row in enumerate(mat.tolist()))))


@judged(gradients="mat vec")
def test_as_strided_mv(as_strided_mv):
    mat, vec = torch.tensor([[1.0, 2, 3], [4, 5, 6]]), torch.tensor([1.0, 0, -1])
    close(laid_out(as_strided_mv, mat, vec), torch.tensor([-2.0, -2]))  # by hand
    torch.manual_seed(0)
    for mat, vec in (
        (torch.randn(3, 5), torch.randn(5)),
        (torch.randn(4, 3), torch.randn(6, 2)[::2, 1]),
        (torch.randn(2, 6).T, torch.randn(5)[1:3]),
        (torch.randn(3, 3), torch.randn(3)),
        (torch.randn(1, 4), torch.randn(4)),
    ):
        close(laid_out(as_strided_mv, mat, vec), mat @ vec)
    gradients_agree(as_strided_mv, torch.mv, torch.randn(3, 5), torch.randn(5), names="mat vec")


@judged(gradients="A B")
def test_as_strided_mm(as_strided_mm):
    torch.manual_seed(0)
    for A, B in (
        (torch.tensor([[1.0, 2, 3], [4, 5, 6]]), torch.tensor([[1.0, 0, 2, 1], [0, 1, 1, 3], [2, 1, 0, -1]])),
        (torch.randn(4, 3).T, torch.randn(4, 2)),
        (torch.randn(2, 3), torch.randn(5, 3).T),
        (torch.randn(5, 8)[1:, ::2], torch.randn(6, 3)[2:]),
        (torch.randn(3, 3), torch.randn(3, 3)),
        (torch.randn(2, 1), torch.randn(1, 3)),
        (torch.randn(1, 3), torch.randn(3, 2)),
        (torch.randn(2, 3), torch.randn(3, 1)),
    ):
        close(laid_out(as_strided_mm, A, B), A @ B)
    gradients_agree(as_strided_mm, torch.mm, torch.randn(2, 3), torch.randn(3, 4), names="A B")


def slow_conv1d(x, weights):
    return torch.conv1d(x[None, None], weights[None, None])[0, 0]


@judged(gradients="x weights")
def test_conv1d_minimal_simple(conv1d_minimal_simple):
    got = without(CONVOLUTIONS, conv1d_minimal_simple, torch.tensor([1.0, 2, 4, 8, 16]), torch.tensor([1.0, 0, -3]))
    close(got, torch.tensor([1.0 - 12, 2 - 24, 4 - 48]))  # by hand
    torch.manual_seed(0)
    for x, weights in (
        (torch.randn(9), torch.randn(4)),
        (torch.randn(8, 3)[:, 1], torch.randn(2)),
        (torch.randn(9)[2:-1], torch.randn(8)[1::3]),
        (torch.randn(4), torch.randn(4)),
        (torch.randn(5), torch.randn(1)),
    ):
        close(conv1d_minimal_simple(x, weights), slow_conv1d(x, weights))
    gradients_agree(conv1d_minimal_simple, slow_conv1d, torch.randn(7), torch.randn(3))


def check_channels(function, x, weights):
    """`x` in the middle of more memory: reading on would find plausible numbers there."""
    x = torch.cat([x, x + 1])[: len(x)]
    with case(zh="`weights` 的输入通道比 `x` 多", en="`weights` has more input channels than `x`"):
        raises(Exception, function, x, weights.repeat_interleave(2, dim=1))
    with case(zh="`weights` 的输入通道比 `x` 少", en="`weights` has fewer input channels than `x`"):
        raises(Exception, function, x, weights[:, :1])


@judged(gradients="x weights")
def test_conv1d_minimal(conv1d_minimal):
    x, weights = torch.tensor([[[1.0, 2, 4, 8]]]), torch.tensor([[[1.0, 0, -3]]])
    close(without(CONVOLUTIONS, conv1d_minimal, x, weights), torch.tensor([[[1.0 - 12, 2 - 24]]]))  # by hand
    torch.manual_seed(0)
    for x, weights in (
        (torch.randn(2, 3, 11), torch.randn(5, 3, 4)),
        (torch.randn(3, 2, 6), torch.randn(2, 2, 3)),
        (torch.randn(7, 4, 2).permute(1, 2, 0), torch.randn(3, 2, 2)),
        (torch.randn(4, 5, 9)[1:3, 1:-1, 2:-1], torch.randn(2, 6, 2).transpose(0, 1)[:, ::2][:, :1].expand(-1, 3, -1)),
        (torch.randn(1, 2, 3), torch.randn(4, 2, 3)),
        (torch.randn(2, 3, 5), torch.randn(1, 3, 1)),
    ):
        close(conv1d_minimal(x, weights), torch.conv1d(x, weights))
    gradients_agree(conv1d_minimal, torch.conv1d, torch.randn(2, 3, 6), torch.randn(4, 3, 2))
    check_channels(conv1d_minimal, torch.randn(2, 3, 8), torch.randn(4, 3, 2))


@judged(gradients="x weights")
def test_conv2d_minimal(conv2d_minimal):
    x, weights = torch.tensor([[[[1.0, 2, 4], [8, 16, 32], [3, 5, 7]]]]), torch.tensor([[[[1.0, 0], [0, -3]]]])
    expected = torch.tensor([[[[1.0 - 48, 2 - 96], [8 - 15, 16 - 21]]]])  # by hand
    close(without(CONVOLUTIONS, conv2d_minimal, x, weights), expected)
    torch.manual_seed(0)
    for x, weights in (
        (torch.randn(2, 3, 7, 9), torch.randn(5, 3, 2, 4)),
        (torch.randn(3, 2, 5, 6), torch.randn(2, 2, 3, 3)),
        (torch.randn(2, 8, 6, 3).permute(0, 3, 1, 2), torch.randn(4, 3, 3, 2)),
        (torch.randn(4, 5, 8, 9)[1:3, 1:-1, 2:-1, 1:-2], torch.randn(2, 3, 2, 3)),
        (torch.randn(1, 2, 3, 4), torch.randn(4, 2, 3, 4)),
        (torch.randn(2, 3, 4, 5), torch.randn(1, 3, 1, 1)),
    ):
        close(conv2d_minimal(x, weights), torch.conv2d(x, weights))
    gradients_agree(conv2d_minimal, torch.conv2d, torch.randn(2, 3, 5, 6), torch.randn(4, 3, 2, 3))
    check_channels(conv2d_minimal, torch.randn(2, 3, 5, 6), torch.randn(4, 3, 2, 3))


@judged
def test_output_size(output_size):
    close(output_size(7, 3, 1, 0), 5)
    close(output_size(7, 3, 1, 1), 7)
    close(output_size(7, 3, 2, 1), 4)
    for size, kernel, stride, padding in itertools.product((6, 9, 10), (1, 3, 4), (1, 2, 3), (0, 2)):
        windows = range(0, size + 2 * padding - kernel + 1, stride)
        close(output_size(size, kernel, stride, padding), len(windows))
    close(output_size(3, 3), 1)
    close(output_size(9, 4, padding=1), 8)
    with case(zh="填充之后才放得下", en="it fits only thanks to the padding"):
        close(output_size(2, 5, 1, 2), 2)
        close(output_size(2, 3, 1, 1), 2)
        close(output_size(1, 3, 1, 1), 1)
    raises(ValueError, output_size, 3, 5)
    raises(ValueError, output_size, 3, 4)
    raises(ValueError, output_size, 2, 7, 3, 2)


@judged(gradients="x")
def test_pad1d(pad1d):
    x = torch.tensor([[[1.0, 0, 3], [4, 5, 6]]])
    expected = torch.tensor([[[9.0, 1, 0, 3, 9, 9], [9, 4, 5, 6, 9, 9]]])
    close(without(PADS, pad1d, x, 1, 2, 9.0), expected)
    torch.manual_seed(0)
    x = torch.randn(3, 2, 5)
    for left, right, value in ((4, 0, -1.5), (0, 1, 0.0), (0, 0, 2.0), (1, 1, -math.inf), (2, 3, 7.0)):
        close(pad1d(x, left, right, value), F.pad(x, (left, right), value=value))
    close(pad1d(x, 1, 2, 3), F.pad(x, (1, 2), value=3))
    with case(zh="float64 的 `x`，填 0.1", en="`x` of float64, padded with 0.1"):
        got = pad1d(x.double(), 1, 2, 0.1)
        close(got, F.pad(x.double(), (1, 2), value=0.1), rtol=0, atol=1e-12)
        close(
            1e9 * (got[..., -1] - 0.1), torch.zeros(3, 2).double()
        )  # what is lost in float32, large enough to name it
    gradients_agree(
        lambda x: pad1d(x, 2, 1, 0.5), lambda x: F.pad(x, (2, 1), value=0.5), torch.randn(2, 3, 4), names="x"
    )


@judged(gradients="x")
def test_pad2d(pad2d):
    x = torch.tensor([[[[1.0, 2], [3, 0], [5, 6]]]])
    rows = [[7.0, 1, 2, 7, 7], [7, 3, 0, 7, 7], [7, 5, 6, 7, 7]]
    close(without(PADS, pad2d, x, 1, 2, 1, 0, 7.0), torch.tensor([[[[7.0] * 5, *rows]]]))
    torch.manual_seed(0)
    x = torch.randn(3, 2, 5, 4)
    for *sides, value in (
        (4, 0, 1, 2, -1.5),
        (1, 2, 0, 3, 7.0),
        (0, 1, 3, 0, 0.0),
        (0, 0, 0, 0, 2.0),
        (1, 1, 2, 2, -math.inf),
    ):
        close(pad2d(x, *sides, value), F.pad(x, sides, value=value))
    close(pad2d(x, 1, 2, 0, 1, 3), F.pad(x, (1, 2, 0, 1), value=3))
    with case(zh="float64 的 `x`，填 0.1", en="`x` of float64, padded with 0.1"):
        got = pad2d(x.double(), 1, 2, 0, 1, 0.1)
        close(got, F.pad(x.double(), (1, 2, 0, 1), value=0.1), rtol=0, atol=1e-12)
        close(1e9 * (got[..., -1, -1] - 0.1), torch.zeros(3, 2).double())  # as in `test_pad1d`
    gradients_agree(lambda x: pad2d(x, 2, 1, 0, 3, 0.5), lambda x: F.pad(x, (2, 1, 0, 3), value=0.5), x, names="x")


@judged(gradients="x weights")
def test_conv1d(conv1d):
    x, weights = torch.tensor([[[1.0, 2, 4, 8, 16, 32]]]), torch.tensor([[[1.0, 0, -3]]])
    close(without(CONVOLUTIONS, conv1d, x, weights, 2, 0), torch.tensor([[[1.0 - 12, 4 - 48]]]))  # by hand
    close(conv1d(x, weights, 1, 1), torch.tensor([[[0.0 - 6, 1 - 12, 2 - 24, 4 - 48, 8 - 96, 16]]]))
    torch.manual_seed(0)
    x, weights = torch.randn(2, 3, 11), torch.randn(5, 3, 4)
    for stride, padding in ((1, 0), (3, 2), (2, 3), (5, 1)):
        close(conv1d(x, weights, stride, padding), torch.conv1d(x, weights, stride=stride, padding=padding))
        gradients_agree(conv1d, torch.conv1d, x, weights, stride=stride, padding=padding)
    close(conv1d(x, weights), torch.conv1d(x, weights))
    for a, b in ((x[:1], weights), (x, weights[:1, :, :1]), (torch.randn(9, 4, 5).permute(1, 2, 0)[:, 1:4], weights)):
        close(conv1d(a, b, stride=2, padding=1), torch.conv1d(a, b, stride=2, padding=1))
        close(conv1d(a, b, stride=3), torch.conv1d(a, b, stride=3))
    with case(zh="核比 `x` 还宽", en="the kernel is wider than `x`"):
        raises(Exception, conv1d, x[..., :2], weights)
    check_channels(conv1d, x, weights)


# (what it is, in Chinese and English, stride, padding)
CONV2D_CASES = [
    ("步幅和填充都是数", "stride and padding are numbers", 2, 1),
    ("没有步幅，没有填充", "no stride, no padding", 1, 0),
    ("步幅是一对（高，宽）", "a stride (height, width)", (3, 1), 0),
    ("填充是一对（高，宽）", "a padding (height, width)", 1, (2, 0)),
    ("填充只在宽上", "padding along the width only", 2, (0, 3)),
    ("两者都是一对", "both are pairs", (2, 3), (1, 2)),
    ("步幅除不尽", "a stride that leaves a remainder", (4, 5), (0, 1)),
]


class Count(TorchFunctionMode):
    """How many functions of torch are called within its `with`."""

    number = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.number += 1
        return func(*args, **(kwargs or {}))


def number_of_calls(function, *args):
    with Count() as count:
        function(*args)
    return count.number


@judged(gradients="x weights")
def test_conv2d(conv2d):
    x, weights = torch.tensor([[[[1.0, 2, 4], [8, 16, 32], [3, 5, 7]]]]), torch.tensor([[[[1.0, 0], [0, -3]]]])
    expected = torch.tensor([[[[1.0 - 48, 2 - 96], [8 - 15, 16 - 21]]]])  # by hand
    close(without(CONVOLUTIONS, conv2d, x, weights), expected)
    torch.manual_seed(0)
    x, weights = torch.randn(2, 3, 8, 11), torch.randn(5, 3, 2, 4)
    for zh, en, stride, padding in CONV2D_CASES:
        with case(zh=zh, en=en):
            for a, b in ((x, weights), (x[:1], weights), (torch.randn(2, 9, 7, 3).permute(0, 3, 1, 2), weights[:1])):
                close(conv2d(a, b, stride, padding), torch.conv2d(a, b, stride=stride, padding=padding))
            gradients_agree(conv2d, torch.conv2d, x, weights, stride=stride, padding=padding)
    close(conv2d(x, weights), torch.conv2d(x, weights))
    once = number_of_calls(conv2d, x, weights, 2, 1)
    for zh, en, a, b in (
        ("图更多", "with more images", torch.randn(7, 3, 8, 11), weights),
        ("核更大", "with larger kernels", x, torch.randn(5, 3, 3, 6)),
        ("核更多", "with more kernels", x, torch.randn(9, 3, 2, 4)),
        ("通道更多", "with more channels", torch.randn(2, 6, 8, 11), torch.randn(5, 6, 2, 4)),
        ("图更大", "with larger images", torch.randn(2, 3, 12, 17), weights),
    ):
        more = number_of_calls(conv2d, a, b, 2, 1)
        zh = f"{zh}时，调用 torch 的次数也多了（{once} 变成 {more}）：里面有循环"
        holds(more == once, zh=zh, en=f"{en} it calls torch more often ({once}, then {more}): it loops")
    check_channels(conv2d, x, weights)
    for a in (x[..., :3], x[..., :1, :]):
        with case(zh="核比 `x` 还大", en="the kernel is larger than `x`"):
            raises(Exception, conv2d, a, weights)


def slow_max_along(x, kernel, stride, dim):
    starts = range(0, x.shape[dim] - kernel + 1, stride)
    return torch.stack([x.narrow(dim, i, kernel).amax(dim) for i in starts], dim)


@judged(gradients="x")
def test_max_along(max_along):
    got = without(POOLS, max_along, torch.tensor([1.0, 5, 2, 3, -4, 0, 9]), 3, 2, 0)
    close(got, torch.tensor([5.0, 3, 9]))  # by hand
    torch.manual_seed(0)
    for x, kernel, stride, dim in (
        (torch.randn(3, 7), 3, 1, -1),
        (torch.randn(6, 4), 2, 3, 0),
        (torch.randn(2, 5, 8)[:, 1:, 2:], 2, 2, -2),
        (torch.randn(9, 4).T, 4, 3, 1),
        (-torch.rand(2, 5, 3, 4), 3, 2, 1),
        (torch.randn(3, 4), 4, 2, 1),
        (-torch.rand(5), 1, 2, 0),
    ):
        close(max_along(x, kernel, stride, dim), slow_max_along(x, kernel, stride, dim))
    bad = torch.tensor([1.0, math.nan, 2, 3, 4])
    close(max_along(bad, 2, 1, 0), torch.tensor([math.nan, math.nan, 3, 4]), equal_nan=True)
    low = torch.tensor([-math.inf, -math.inf, -3e38, math.inf, -1])
    close(max_along(low, 2, 1, 0), torch.tensor([-math.inf, -3e38, math.inf, math.inf]))
    gradients_agree(max_along, slow_max_along, torch.randn(3, 7), names="x", kernel=3, stride=2, dim=1)


# (what it is, in Chinese and English, kernel_size, stride, padding)
POOL_CASES = [
    ("都是数，没有给步幅", "numbers, no stride", 3, None, 0),
    ("核是一对（高，宽），没有给步幅", "a kernel (height, width), no stride", (2, 3), None, 0),
    ("给了步幅", "a stride of its own", 2, 1, 0),
    ("步幅是一对（高，宽）", "a stride (height, width)", (3, 2), (1, 3), 0),
    ("有填充", "a padding", 3, 2, 1),
    ("有填充，没有给步幅", "a padding, no stride", (4, 2), None, 1),
    ("填充是一对（高，宽）", "a padding (height, width)", (2, 5), (2, 3), (1, 2)),
    ("填充只在宽上", "padding along the width only", 3, (2, 1), (0, 1)),
]


@judged(gradients="x")
def test_maxpool2d(maxpool2d):
    x = torch.tensor([[[[1.0, 2, 9, 4], [8, 3, 5, 7], [0, 6, 1, 1]]]])
    close(without(POOLS, maxpool2d, x, 2), torch.tensor([[[[8.0, 9]]]]))  # by hand
    torch.manual_seed(0)
    x = torch.randn(2, 3, 9, 10)
    for zh, en, kernel_size, stride, padding in POOL_CASES:
        with case(zh=zh, en=en):
            close(maxpool2d(x, kernel_size, stride, padding), F.max_pool2d(x, kernel_size, stride, padding))
            options = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
            gradients_agree(maxpool2d, F.max_pool2d, x, names="x", **options)
            for low in (x[:1] - 9, -1e30 * x[:1].exp()):  # all negative, slightly and hugely
                close(maxpool2d(low, kernel_size, stride, padding), F.max_pool2d(low, kernel_size, stride, padding))
    bad = x.clone()
    bad[0, 1, 2, 3] = math.nan
    with case(zh="有一个元素是 NaN", en="one element is NaN"):
        close(maxpool2d(bad, 3, 2, 1), F.max_pool2d(bad, 3, 2, 1), equal_nan=True)
    nothing = torch.full((1, 1, 4, 4), -math.inf)
    with case(zh="`x` 全是 -inf", en="all of `x` is -inf"):
        close(maxpool2d(nothing, 3, 2, 1), F.max_pool2d(nothing, 3, 2, 1))
    turned = torch.randn(4, 7, 6, 3).permute(0, 3, 2, 1)[1:-1]
    close(maxpool2d(turned, (3, 2), 2, 1), F.max_pool2d(turned, (3, 2), 2, 1))
    close(maxpool2d(turned, (3, 2), 2), F.max_pool2d(turned, (3, 2), 2))
