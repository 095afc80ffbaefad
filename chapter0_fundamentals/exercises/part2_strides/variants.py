"""Right answers of the strides lesson, written in other ways than the course's: the tests accept them all."""

import functools
import itertools
import math

import einops
import numpy as np
import torch
import torch.nn.functional as F

from coach import variant
from part2_strides import solutions
from part2_strides.solutions import addresses, output_size, pad1d, pad2d, pair, require_same_channels


@variant("addresses")
def by_reading_a_ruler(size, stride, offset=0):
    last = offset + sum(max(n - 1, 0) * s for n, s in zip(size, stride, strict=True))
    return torch.arange(last + 1).as_strided(tuple(size), tuple(stride), offset)


@variant("addresses")
def by_every_index(size, stride, offset=0):
    places = torch.empty(tuple(size), dtype=torch.int64)
    for index in itertools.product(*map(range, size)):
        places[index] = offset + sum(i * s for i, s in zip(index, stride, strict=True))
    return places


@variant("addresses")
def by_numpy_s_indices(size, stride, offset=0):
    grid = np.indices(tuple(size))
    steps = np.array(stride, dtype=np.int64).reshape(-1, *[1] * len(size))
    return torch.from_numpy(np.asarray((grid * steps).sum(axis=0) + offset, dtype=np.int64))


@variant("addresses")
def by_meshgrid(size, stride, offset=0):
    total = torch.full(tuple(size), offset)
    axes = [torch.arange(n) * s for n, s in zip(size, stride, strict=True)]
    for axis in torch.meshgrid(*axes, indexing="ij") if axes else ():
        total = total + axis
    return total


@variant("puzzle_column")
def column_with_every_argument(x):
    return torch.as_strided(x, size=[x.shape[0]], stride=[x.stride(0)], storage_offset=x.storage_offset())


variant(
    "puzzle_column",
    functools.partial(lambda first, x: first(x), lambda x: x.as_strided(x.shape[:1], x.stride()[:1])),
    name="column_as_a_partial",
)


@variant("puzzle_every_other")
def every_other_rounded_up(x):
    return torch.as_strided(x, [math.ceil(x.numel() / 2)], [x.stride()[0] * 2])


@variant("puzzle_every_other")
def every_other_counted(x):
    return x.as_strided((len(range(0, len(x), 2)),), (x.stride(0) + x.stride(0),))


@variant("puzzle_transpose")
def both_reversed(x):
    return x.as_strided(x.shape[::-1], x.stride()[::-1])


@variant("puzzle_transpose")
def size_and_stride_named(x):
    return x.as_strided(size=list(reversed(x.size())), stride=list(reversed(x.stride())))


@variant("puzzle_row")
def row_sliced_for_its_start(x, i):
    return x.as_strided((x.size(-1),), (x.stride(-1),), x[i].storage_offset())


@variant("puzzle_row")
def row_from_a_slice(x, i):
    return x[i:].as_strided(x.shape[1:], x.stride()[1:])


@variant("puzzle_row")
def row_by_keyword(x, i):
    return torch.as_strided(x, x.shape[1:], x.stride()[1:], storage_offset=i * x.stride(0) + x.storage_offset())


@variant("puzzle_repeat")
def repeat_with_lists(x, times):
    return torch.as_strided(x, [times, *x.shape], [0, *x.stride()])


@variant("puzzle_windows")
def windows_with_lists(x, size):
    return torch.as_strided(x, [1 + len(x) - size, size], [x.stride()[0]] * 2)


@variant("puzzle_windows")
def windows_counted(x, size):
    (step,) = x.stride()
    return x.as_strided((len(range(size, len(x) + 1)), size), (step, step), x.storage_offset())


@variant("puzzle_tiles")
def tiles_by_lists(x, size):
    inside = x.stride()
    return x.as_strided([n // size for n in x.shape] + [size] * 2, [s * size for s in inside] + list(inside))


@variant("puzzle_tiles")
def tiles_out_of_trimmed(x, size):
    height, width = x.shape[0] - x.shape[0] % size, x.shape[1] - x.shape[1] % size
    down, right = x.stride()
    grid = (int(height / size), int(width / size))
    return torch.as_strided(x, (*grid, size, size), (down * size, right * size, down, right), x.storage_offset())


@variant("puzzle_antidiagonal")
def from_the_corner_element(x):
    down, right = x.stride()
    return x.as_strided((x.shape[0],), (down - right,), x[0, -1].storage_offset())


@variant("puzzle_antidiagonal")
def start_worked_out_otherwise(x):
    n = x.size(0)
    start = x.storage_offset() + n * x.stride(1) - x.stride(1)
    return torch.as_strided(x, [n], [x.stride(0) - x.stride(1)], start)


@variant("stays_inside")
def inside_as_a_tensor(x, size, stride, offset):
    own = addresses(x.shape, x.stride(), x.storage_offset())
    return torch.isin(addresses(size, stride, offset), own).all()


@variant("stays_inside")
def inside_by_sets(x, size, stride, offset):
    own = set(addresses(x.shape, x.stride(), x.storage_offset()).flatten().tolist())
    return set(addresses(size, stride, offset).flatten().tolist()) <= own


@variant("stays_inside")
def inside_one_by_one(x, size, stride, offset):
    own = addresses(x.shape, x.stride(), x.storage_offset())
    return all(bool((own == place).any()) for place in addresses(size, stride, offset).flatten())


@variant("stays_inside")
def inside_by_a_mask(x, size, stride, offset):
    places = addresses(size, stride, offset).flatten()
    mine = torch.zeros(x.untyped_storage().nbytes() // x.element_size(), dtype=torch.bool)
    mine.as_strided(x.shape, x.stride(), x.storage_offset()).fill_(True)
    return not bool((places >= len(mine)).any()) and bool(mine[places].all())


@variant("overlaps")
def overlaps_by_a_set(size, stride):
    places = addresses(size, stride).flatten().tolist()
    return len(set(places)) != len(places)


@variant("overlaps")
def overlaps_by_bincount(size, stride):
    return bool((torch.bincount(addresses(size, stride).flatten()) > 1).any())


@variant("overlaps")
def overlaps_by_numpy(size, stride):
    places = addresses(size, stride).numpy()
    return np.any(np.unique(places, return_counts=True)[1] > 1)


@variant("overlaps")
@functools.cache
def overlaps_sorted_and_cached(size, stride):
    places = sorted(
        sum(i * s for i, s in zip(index, stride, strict=True)) for index in itertools.product(*map(range, size))
    )
    return any(a == b for a, b in itertools.pairwise(places))


@variant("as_strided_trace")
def trace_with_lists(mat):
    diagonal = torch.as_strided(mat, [mat.size(0)], [mat.stride(0) + mat.stride(1)], mat.storage_offset())
    return torch.sum(diagonal, dim=0)


@variant("as_strided_trace")
def trace_added_up(mat):
    return sum(mat.as_strided((len(mat),), (sum(mat.stride()),)))


@variant("as_strided_mv")
def mv_through_the_puzzle(mat, vec):
    return torch.sum(solutions.puzzle_repeat(vec, len(mat)) * mat, -1)


@variant("as_strided_mv")
def mv_by_reduce(mat, vec):
    return einops.reduce(mat.mul(torch.as_strided(vec, mat.size(), [0, *vec.stride()])), "n m -> n", "sum")


@variant("as_strided_mm")
def mm_with_m_at_the_end(A, B):
    (n, m), width = A.shape, B.shape[1]
    left = A.as_strided((n, width, m), (A.stride(0), 0, A.stride(1)))
    right = B.as_strided((n, width, m), (0, B.stride(1), B.stride(0)))
    return torch.sum(left * right, dim=-1)


@variant("as_strided_mm")
def mm_column_by_column(A, B):
    columns = [B.as_strided((len(B),), (B.stride(0),), B.storage_offset() + k * B.stride(1)) for k in range(B.shape[1])]
    return torch.stack([solutions.as_strided_mv(A, column) for column in columns], dim=1)


@variant("as_strided_mm")
def mm_by_broadcasting(A, B):
    right = B.as_strided((len(A), *B.shape), (0, *B.stride()))
    return (A[:, :, None] * right).sum(1)


@variant("conv1d_minimal_simple")
def simple_by_unfold(x, weights):
    return (x.unfold(0, len(weights), 1) * weights).sum(-1)


@variant("conv1d_minimal_simple")
def simple_by_a_loop(x, weights):
    k = weights.shape[0]
    return torch.stack([(x[i : i + k] * weights).sum() for i in range(x.shape[0] - k + 1)])


@variant("conv1d_minimal_simple")
def simple_by_shifts(x, weights):
    out = len(x) - len(weights) + 1
    return sum(x[i : i + out] * weight for i, weight in enumerate(weights))


@variant("conv1d_minimal")
def by_unfold(x, weights):
    require_same_channels(x, weights)
    return torch.einsum("bcok,dck->bdo", x.unfold(-1, weights.shape[-1], 1), weights)


@variant("conv1d_minimal")
def by_tensordot(x, weights):
    require_same_channels(x, weights)
    return torch.tensordot(x.unfold(2, weights.shape[2], 1), weights, dims=([1, 3], [1, 2])).movedim(-1, 1)  # type: ignore


@variant("conv1d_minimal")
def by_shifts(x, weights):
    require_same_channels(x, weights)
    k = weights.shape[-1]
    out = x.shape[-1] - k + 1
    return sum(weights[:, :, i] @ x[:, :, i : i + out] for i in range(k))


@variant("conv1d_minimal")
def one_value_at_a_time(x, weights):
    require_same_channels(x, weights)
    k = weights.shape[-1]
    columns = [(x[:, None, :, i : i + k] * weights).sum((-2, -1)) for i in range(x.shape[-1] - k + 1)]
    return torch.stack(columns, dim=-1)


@variant("conv2d_minimal")
def by_two_unfolds(x, weights):
    require_same_channels(x, weights)
    kh, kw = weights.shape[2:]
    return torch.einsum("bcijhw,ochw->boij", x.unfold(2, kh, 1).unfold(3, kw, 1), weights)


@variant("conv2d_minimal")
def by_torchs_columns(x, weights):
    columns = F.unfold(x, tuple(weights.shape[2:]))
    height = x.shape[2] - weights.shape[2] + 1
    return (weights.flatten(1) @ columns).unflatten(-1, (height, -1))


@variant("conv2d_minimal")
def by_shifts_both_ways(x, weights):
    require_same_channels(x, weights)
    kh, kw = weights.shape[-2:]
    out_h, out_w = x.shape[-2] - kh + 1, x.shape[-1] - kw + 1
    total = x.new_zeros(len(x), len(weights), out_h, out_w)
    for i, j in itertools.product(range(kh), range(kw)):
        total = total + torch.einsum("bchw,oc->bohw", x[:, :, i : i + out_h, j : j + out_w], weights[:, :, i, j])
    return total


@variant("output_size")
def counted_with_range(size, kernel, stride=1, padding=0):
    if kernel > size + 2 * padding:
        raise ValueError
    return len(range(0, size + 2 * padding - kernel + 1, stride))


@variant("output_size")
def walked(size, kernel, stride=1, padding=0):
    start, count = -padding, 0
    while start + kernel <= size + padding:
        start, count = start + stride, count + 1
    if not count:
        raise ValueError("no window fits")
    return count


@variant("output_size")
def floored(size, kernel, stride=1, padding=0):
    out = math.floor((size + 2 * padding - kernel) / stride + 1)
    if out < 1:
        raise ValueError("too large a kernel")
    return out


@variant("output_size")
@functools.cache
def cached(size, kernel, stride=1, padding=0):
    if size + 2 * padding < kernel:
        raise ValueError("too large a kernel")
    return (size + 2 * padding - kernel + stride) // stride


@variant("output_size")
def measured_on_a_tensor(size, kernel, stride=1, padding=0):
    try:
        return torch.tensor(len(torch.empty(size + 2 * padding).unfold(0, kernel, stride)))
    except RuntimeError as error:
        raise ValueError("too large a kernel") from error


class Padding:
    """A callable that is no function."""

    def __init__(self, axis):
        self.axis = axis

    def __call__(self, x, before, after, value):
        sides = [x.new_full((*x.shape[: self.axis], n), value) for n in (before, after)]
        return torch.cat([sides[0], x, sides[1]], dim=self.axis)


variant("pad1d", Padding(-1), name="an_object")


@variant("pad1d")
def by_cat(x, left, right, pad_value):
    before, after = (x.new_full((*x.shape[:-1], n), pad_value) for n in (left, right))
    return torch.cat([before, x, after], dim=-1)


@variant("pad1d")
def written_over_zeros(x, left, right, pad_value):
    out = torch.zeros(x.shape[0], x.shape[1], left + x.shape[2] + right, dtype=x.dtype, device=x.device) + pad_value
    out[:, :, left : out.shape[-1] - right] = x
    return out


@variant("pad1d")
def by_copy_(x, left, right, pad_value):
    out = x.new_empty(*x.shape[:-1], x.shape[-1] + left + right).fill_(pad_value)
    out.narrow(-1, left, x.shape[-1]).copy_(x)
    return out


@variant("pad2d")
def by_cat_twice(x, left, right, top, bottom, pad_value):
    def full(*shape):
        return torch.full(shape, pad_value, dtype=x.dtype, device=x.device)

    *front, height, _ = x.shape
    x = torch.cat([full(*front, height, left), x, full(*front, height, right)], dim=-1)
    return torch.cat([full(*front, top, x.shape[-1]), x, full(*front, bottom, x.shape[-1])], dim=-2)


@variant("pad2d")
def by_pad1d_twice(x, left, right, top, bottom, pad_value):
    x = pad1d(x.flatten(0, 1), left, right, pad_value).unflatten(0, x.shape[:2])
    turned = x.mT
    return pad1d(turned.flatten(0, 1), top, bottom, pad_value).unflatten(0, x.shape[:2]).mT


@variant("pad2d")
def untouched_without_a_border(x, left, right, top, bottom, pad_value):
    if not (left or right or top or bottom):
        return x
    out = x.new_full((len(x), x.shape[1], x.shape[2] + top + bottom, x.shape[3] + left + right), pad_value)
    out[:, :, top : top + x.shape[2], left : left + x.shape[3]] = x
    return out


@variant("conv1d")
def every_window_then_some(x, weights, stride=1, padding=0):
    return solutions.conv1d_minimal(F.pad(x, (padding, padding)), weights)[..., ::stride]


@variant("conv1d")
def by_unfold_with_a_step(x, weights, stride=1, padding=0):
    require_same_channels(x, weights)
    windows = pad1d(x, padding, padding, 0).unfold(-1, weights.shape[-1], stride)
    return torch.einsum("bcok,dck->bdo", windows, weights)


@variant("conv1d")
def by_a_loop_over_windows(x, weights, stride=1, padding=0):
    require_same_channels(x, weights)
    k = weights.shape[-1]
    out = output_size(x.shape[-1], k, stride, padding)
    x = pad1d(x, padding, padding, 0.0)
    windows = [x[:, :, i * stride : i * stride + k] for i in range(out)]
    return torch.stack([torch.einsum("bck,ock->bo", window, weights) for window in windows], dim=-1)


@variant("conv1d")
def as_an_image_of_one_row(x, weights, stride=1, padding=0):
    return solutions.conv2d(x[:, :, None], weights[:, :, None], (1, stride), (0, padding))[:, :, 0]


@variant("conv2d")
def by_unfolds_and_einsum(x, weights, stride=1, padding=0):
    require_same_channels(x, weights)
    (stride_h, stride_w), (pad_h, pad_w), (kh, kw) = pair(stride), pair(padding), weights.shape[2:]
    x = pad2d(x, pad_w, pad_w, pad_h, pad_h, 0.0)
    windows = x.unfold(2, kh, stride_h).unfold(3, kw, stride_w)
    return torch.einsum("bcijhw,ochw->boij", windows, weights)


@variant("conv2d")
def one_direction_after_the_other(x, weights, stride=1, padding=0):
    require_same_channels(x, weights)
    strides, (pad_h, pad_w) = pair(stride), pair(padding)
    windows = F.pad(x, (pad_w, pad_w, pad_h, pad_h))
    for dim in (2, 3):
        windows = windows.unfold(dim, weights.shape[dim], strides[dim - 2])
    return einops.einsum(windows, weights, "b c i j kh kw, o c kh kw -> b o i j")


@variant("conv2d")
def by_torchs_unfold(x, weights, stride=1, padding=0):
    require_same_channels(x, weights)
    columns = F.unfold(x, tuple(weights.shape[2:]), stride=stride, padding=padding)
    out_h = output_size(x.shape[2], weights.shape[2], pair(stride)[0], pair(padding)[0])
    return einops.rearrange(weights.flatten(1) @ columns, "b o (h w) -> b o h w", h=out_h)


@variant("conv2d")
def with_the_windows_as_rows(x, weights, stride=1, padding=0):
    require_same_channels(x, weights)
    (stride_h, stride_w), (pad_h, pad_w), (kh, kw) = pair(stride), pair(padding), weights.shape[2:]
    x = F.pad(x, (pad_w, pad_w, pad_h, pad_h))
    out_h, out_w = output_size(x.shape[2], kh, stride_h), output_size(x.shape[3], kw, stride_w)
    by_batch, by_channel, by_row, by_col = x.stride()
    size = (x.shape[0], out_h, out_w, x.shape[1], kh, kw)
    windows = x.as_strided(size, (by_batch, stride_h * by_row, stride_w * by_col, by_channel, by_row, by_col))
    rows = windows.reshape(x.shape[0], out_h, out_w, -1)
    return (rows @ weights.reshape(len(weights), -1).T).permute(0, 3, 1, 2)


@variant("max_along")
def max_by_unfold(x, kernel, stride, dim):
    return x.unfold(dim, kernel, stride).amax(dim=-1)


@variant("max_along")
def max_by_values(x, kernel, stride, dim):
    return torch.max(x.unfold(dim, kernel, stride), dim=-1).values


@variant("max_along")
def max_window_by_window(x, kernel, stride, dim):
    starts = range(0, x.shape[dim] - kernel + 1, stride)
    return torch.stack([x.narrow(dim, start, kernel).max(dim).values for start in starts], dim=dim)


@variant("max_along")
def max_from_minus_infinity(x, kernel, stride, dim):
    count = output_size(x.shape[dim], kernel, stride)
    moved = x.movedim(dim, -1)
    best = torch.full_like(moved[..., :count], -math.inf)
    for i in range(kernel):
        best = torch.maximum(best, moved[..., i : i + (count - 1) * stride + 1 : stride])
    return best.movedim(-1, dim)


@variant("maxpool2d")
def pool_by_unfolds(x, kernel_size, stride=None, padding=0):
    (kh, kw), (pad_h, pad_w) = pair(kernel_size), pair(padding)
    step_h, step_w = pair(stride) if stride is not None else (kh, kw)
    x = F.pad(x, (pad_w, pad_w, pad_h, pad_h), value=-math.inf)
    return x.unfold(-2, kh, step_h).unfold(-2, kw, step_w).amax((-2, -1))


@variant("maxpool2d")
def pool_with_the_border_repeated(x, kernel_size, stride=None, padding=0):
    pad_h, pad_w = pair(padding)
    step = kernel_size if stride is None else stride
    x = F.pad(x, (pad_w, pad_w, pad_h, pad_h), mode="replicate")  # what is repeated lies in the same window
    return solutions.maxpool2d(x, kernel_size, step)


@variant("maxpool2d")
def pool_width_first(x, kernel_size, stride=None, padding=0):
    kernel, (pad_h, pad_w) = pair(kernel_size), pair(padding)
    step = pair(stride or kernel_size)
    x = pad2d(x, pad_w, pad_w, pad_h, pad_h, float("-inf"))
    return solutions.max_along(solutions.max_along(x, kernel[1], step[1], 3), kernel[0], step[0], 2)


@variant("maxpool2d")
def pool_by_windows(x, kernel_size, stride=None, padding=0):
    (kh, kw), (pad_h, pad_w) = pair(kernel_size), pair(padding)
    step_h, step_w = pair(kernel_size if stride is None else stride)
    x = pad2d(x, pad_w, pad_w, pad_h, pad_h, -math.inf)
    out_h, out_w = output_size(x.shape[2], kh, step_h), output_size(x.shape[3], kw, step_w)
    by_batch, by_channel, by_row, by_col = x.stride()
    size = (*x.shape[:2], out_h, out_w, kh, kw)
    windows = x.as_strided(size, (by_batch, by_channel, step_h * by_row, step_w * by_col, by_row, by_col))
    return windows.flatten(-2).max(dim=-1)[0]
