"""The wrong answers of the strides lesson, each explained in a sentence."""

import math

import torch
import torch.nn.functional as F

from coach import mistake
from part2_strides import solutions
from part2_strides.solutions import addresses, pair

COPY = {
    "zh": "值对了，内存却是新的：`clone`、`contiguous`、`repeat` 都会拷贝。",
    "en": "The values are right and the memory is new: `clone`, `contiguous` and `repeat` copy.",
}
FROM_SHAPE = {
    "zh": "步长是从形状推出来的，只有连续的张量才对：取自 `x.stride()`。",
    "en": "The strides were derived from the shape, right for contiguous tensors only: take them from `x.stride()`.",
}
FROM_STORAGE = {
    "zh": "`storage_offset` 从整块内存的开头数起：还要加上 `x.storage_offset()`。",
    "en": "`storage_offset` counts from the start of the storage: `x.storage_offset()` must be added.",
}
DETACHED = {
    "zh": "`detach`、`.data` 和 `.item()` 切断了梯度。",
    "en": "`detach`, `.data` and `.item()` cut the gradient off.",
}


@mistake(
    "addresses",
    zh="起点没有算进去：每个地址都要加 `offset`。",
    en="The start is missing: every address includes `offset`.",
)
def without_offset(size, stride, offset=0):
    return addresses(size, stride)


@mistake(
    "addresses",
    zh="步长没有用上：你按形状从头数到尾。",
    en="The strides are not used: you count through the shape from first to last.",
)
def counted_through(size, stride, offset=0):
    return offset + torch.arange(math.prod(size)).reshape(tuple(size))


@mistake(
    "addresses", zh="步长的次序反了：第一个属于第一维。", en="The strides are reversed: the first is that of axis 0."
)
def reversed_strides(size, stride, offset=0):
    return addresses(size, tuple(stride)[::-1], offset)


@mistake("addresses", zh="单位是元素，不是字节。", en="The unit is elements, not bytes.")
def in_bytes(size, stride, offset=0):
    return 4 * addresses(size, stride, offset)


@mistake(
    "puzzle_column",
    zh="步长取了列的：这是沿着一行走。",
    en="That is the stride of the columns: it walks along a row.",
)
def along_the_row(x):
    return x.as_strided((len(x),), (x.stride(1),))


@mistake("puzzle_column", **FROM_SHAPE)
def column_from_shape(x):
    return x.as_strided((len(x),), (x.shape[1],))


@mistake("puzzle_column", zh="一列有 `rows` 个元素，不是 `cols` 个。", en="A column has `rows` elements, not `cols`.")
def column_too_short(x):
    return x.as_strided((x.shape[1],), (x.stride(0),))


@mistake("puzzle_column", **COPY)
def column_copied(x):
    return solutions.puzzle_column(x).clone()


@mistake(
    "puzzle_every_other",
    zh="长度是奇数时少了最后一个：个数要向上取整。",
    en="Of an odd length the last is missing: round the number up.",
)
def last_one_lost(x):
    return x.as_strided((len(x) // 2,), (2 * x.stride(0),))


@mistake("puzzle_every_other", **FROM_SHAPE)
def two_in_memory(x):
    return x.as_strided(((len(x) + 1) // 2,), (2,))


@mistake(
    "puzzle_every_other",
    zh="取了前一半：步长要翻倍。",
    en="That is the first half: the stride must double.",
)
def first_half(x):
    return x.as_strided(((len(x) + 1) // 2,), (x.stride(0),))


@mistake("puzzle_every_other", **COPY)
def every_other_copied(x):
    return solutions.puzzle_every_other(x).clone()


@mistake(
    "puzzle_transpose",
    zh="只换了形状，没有换步长：这是 `reshape`，不是转置。",
    en="Only the shape is swapped, not the strides: that is a `reshape` and no transpose.",
)
def reshaped(x):
    rows, cols = x.shape
    return x.as_strided((cols, rows), (rows, 1))


@mistake(
    "puzzle_transpose",
    zh="只换了步长，没有换形状。",
    en="Only the strides are swapped, not the shape.",
)
def strides_only(x):
    return x.as_strided(x.shape, x.stride()[::-1])


@mistake("puzzle_transpose", **FROM_SHAPE)
def transposed_from_shape(x):
    return x.as_strided((x.shape[1], x.shape[0]), (1, x.shape[1]))


@mistake("puzzle_transpose", **COPY)
def transposed_copy(x):
    return solutions.puzzle_transpose(x).clone()


@mistake("puzzle_row", **FROM_STORAGE)
def row_of_storage(x, i):
    return x.as_strided((x.shape[1],), (x.stride(1),), i * x.stride(0))


@mistake(
    "puzzle_row",
    zh="起点只挪了 `i` 格：一行要跨过一个行步长。",
    en="The start moved by `i` elements only: a row is one stride of the rows.",
)
def element_for_row(x, i):
    return x.as_strided((x.shape[1],), (x.stride(1),), x.storage_offset() + i)


@mistake("puzzle_row", zh="总是第 0 行：起点没有动。", en="Always row 0: the start has not moved.")
def always_the_first(x, i):
    return x.as_strided((x.shape[1],), (x.stride(1),))


@mistake("puzzle_row", zh="第一行的编号是 0，不是 1。", en="The first row has the number 0, not 1.")
def counted_from_one(x, i):
    return solutions.puzzle_row(x, i - 1)


@mistake("puzzle_repeat", **COPY)
def repeated_copy(x, times):
    return x.as_strided((times, len(x)), (0, x.stride(0))).contiguous()


@mistake(
    "puzzle_repeat",
    zh="重复的是元素，不是整行：步长为 0 的应当是第 0 维。",
    en="That repeats the elements and not the row: the stride of 0 belongs to axis 0.",
)
def elements_repeated(x, times):
    return x.as_strided((times, len(x)), (x.stride(0), 0))


@mistake(
    "puzzle_repeat",
    zh="换行时地址变了：第 0 维的步长是 0。",
    en="The address changes from row to row: axis 0 has the stride 0.",
)
def rows_move_on(x, times):
    return x.as_strided((times, len(x)), (x.stride(0), x.stride(0)))


@mistake("puzzle_repeat", **FROM_SHAPE)
def repeat_from_shape(x, times):
    return x.as_strided((times, len(x)), (0, 1))


@mistake(
    "puzzle_windows",
    zh="少了最后一个窗口：个数是 `n - size + 1`。",
    en="The last window is missing: there are `n - size + 1`.",
)
def last_window_lost(x, size):
    return x.as_strided((len(x) - size, size), (x.stride(0), x.stride(0)))


@mistake(
    "puzzle_windows",
    zh="窗口没有重叠：下一个窗口只往前走一个元素。",
    en="These windows don't overlap: the next one starts just one element on.",
)
def side_by_side(x, size):
    return x.as_strided((len(x) // size, size), (size * x.stride(0), x.stride(0)))


@mistake("puzzle_windows", **FROM_SHAPE)
def windows_from_shape(x, size):
    return x.as_strided((len(x) - size + 1, size), (1, 1))


@mistake("puzzle_windows", **COPY)
def windows_copied(x, size):
    return solutions.puzzle_windows(x, size).contiguous()


@mistake(
    "puzzle_tiles",
    zh="每个小块都被转置了：最后两个步长是 `row`、`col`。",
    en="Each tile is transposed: the last two strides are `row` and `col`.",
)
def transposed_tiles(x, size):
    return solutions.puzzle_tiles(x, size).mT


@mistake(
    "puzzle_tiles",
    zh="小块互相重叠：到下一个小块要走 `size` 步。",
    en="The tiles overlap: the next one lies `size` steps on.",
)
def overlapping_tiles(x, size):
    height, width = x.shape
    return x.as_strided((height // size, width // size, size, size), (*x.stride(), *x.stride()))


@mistake(
    "puzzle_tiles",
    zh="行步长取成了 `width // size * size`：宽度除不尽时，一行比小块们更长。",
    en="The row's stride was taken as `width // size * size`: where the width leaves a remainder, a row is longer.",
)
def rows_without_remainder(x, size):
    height, width = (n // size for n in x.shape)
    row = width * size
    return x.as_strided((height, width, size, size), (size * row, size * x.stride(1), row, x.stride(1)))


@mistake("puzzle_tiles", **FROM_SHAPE)
def tiles_from_shape(x, size):
    height, width = x.shape
    return x.as_strided((height // size, width // size, size, size), (size * width, size, width, 1))


@mistake(
    "puzzle_antidiagonal",
    zh="这是主对角线：往左一列，地址要减去 `col`。",
    en="That is the main diagonal: one column to the left takes `col` off the address.",
)
def main_diagonal(x):
    return x.as_strided((len(x),), (sum(x.stride()),))


@mistake(
    "puzzle_antidiagonal",
    zh="起点不对：要从右上角出发。",
    en="The start is wrong: begin at the top right.",
)
def from_the_top_left(x):
    return x.as_strided((len(x),), (x.stride(0) - x.stride(1),))


@mistake("puzzle_antidiagonal", **FROM_STORAGE)
def corner_of_storage(x):
    return x.as_strided((len(x),), (x.stride(0) - x.stride(1),), (len(x) - 1) * x.stride(1))


@mistake("puzzle_antidiagonal", **FROM_SHAPE)
def antidiagonal_from_shape(x):
    n = len(x)
    return x.as_strided((n,), (max(n - 1, 0),), x.storage_offset() + n - 1)


@mistake(
    "stays_inside",
    zh="只比了整块内存的大小：PyTorch 已经替你做了，可是邻居不属于 `x`。",
    en="You compared with the whole storage only: PyTorch does that already, but the neighbours aren't part of `x`.",
)
def within_the_storage(x, size, stride, offset):
    places = addresses(size, stride, offset)
    return bool((places * x.element_size() < x.untyped_storage().nbytes()).all())


@mistake(
    "stays_inside",
    zh="只看了最大的地址：也可能从前面伸出去。",
    en="You looked at the largest address only: a view may reach out in front too.",
)
def only_the_end(x, size, stride, offset):
    places = addresses(size, stride, offset)
    own = addresses(x.shape, x.stride(), int(x.storage_offset()))
    return places.numel() == 0 or bool(places.max() <= own.max())


@mistake(
    "stays_inside",
    zh="首尾都在范围里还不够：`x` 的元素之间有空隙。",
    en="Both ends within range are not enough: there are gaps between the elements of `x`.",
)
def between_the_ends(x, size, stride, offset):
    places = addresses(size, stride, offset)
    own = addresses(x.shape, x.stride(), int(x.storage_offset()))
    return places.numel() == 0 or bool(own.min() <= places.min() and places.max() <= own.max())


@mistake(
    "stays_inside",
    zh="`offset` 从整块内存数起，`x` 的地址也要从那里数：加上 `x.storage_offset()`。",
    en="`offset` counts from the start of the storage, and so must the addresses of `x`: add `x.storage_offset()`.",
)
def relative_to_x(x, size, stride, offset):
    return bool(torch.isin(addresses(size, stride, offset), addresses(x.shape, x.stride())).all())


@mistake(
    "overlaps",
    zh="步长为 0 只是重叠的一种（PyTorch 也只查这一种）：滑动窗口也重叠。",
    en="A stride of 0 is just one way to overlap (and all that PyTorch checks): sliding windows overlap too.",
)
def only_zero_strides(size, stride):
    return math.prod(size) > 0 and any(s == 0 and n > 1 for n, s in zip(size, stride, strict=True))


@mistake(
    "overlaps",
    zh="长度是 1 的维从不迈步：它的步长是 0 也不重叠。",
    en="An axis of length 1 takes no step: it does not overlap even with a stride of 0.",
)
def length_one_too(size, stride):
    return 0 in stride and math.prod(size) > 0 or solutions.overlaps(size, stride)


@mistake(
    "overlaps",
    zh="只看步长是否相等：步长为 2 的窗口也会重叠。",
    en="You only ask whether strides are equal: windows that jump by 2 overlap too.",
)
def equal_strides_only(size, stride):
    return only_zero_strides(size, stride) or len(set(stride)) < len(stride) and math.prod(size) > 0


@mistake(
    "overlaps",
    zh="最大的地址说明不了什么：走得很远的视图，也会有两个下标碰在一起。",
    en="The largest address proves nothing: in a view that reaches far, two indices may still meet.",
)
def fewer_places_than_indices(size, stride):
    return math.prod(size) > 0 and int(addresses(size, stride).max()) + 1 < math.prod(size)


@mistake(
    "as_strided_trace",
    zh="这是第一列的和：每一步还要往右一列。",
    en="That is the sum of the first column: each step goes one column to the right as well.",
)
def sum_of_the_column(mat):
    return solutions.puzzle_column(mat).sum()


@mistake("as_strided_trace", **FROM_SHAPE)
def trace_from_shape(mat):
    return mat.as_strided((len(mat),), (len(mat) + 1,)).sum()


@mistake("as_strided_trace", **DETACHED)
def detached_trace(mat):
    return solutions.as_strided_trace(mat.detach())


@mistake("as_strided_trace", zh="还没有求和：这是对角线。", en="Not summed yet: this is the diagonal.")
def just_the_diagonal(mat):
    return mat.as_strided((len(mat),), (sum(mat.stride()),))


@mistake(
    "as_strided_mv",
    zh="求和求错了维：每一行留一个数。",
    en="The sum goes over the wrong axis: one number for each row is wanted.",
)
def summed_over_rows(mat, vec):
    return (mat * vec.as_strided(mat.shape, (0, vec.stride(0)))).sum(dim=0)


@mistake(
    "as_strided_mv",
    zh="向量竖着排了：它应当在每一行里完整地出现。",
    en="The vector stands upright: it should appear whole in each row.",
)
def vector_upright(mat, vec):
    return (mat * vec.as_strided(mat.shape, (vec.stride(0), 0))).sum(dim=-1)


@mistake("as_strided_mv", **FROM_SHAPE)
def contiguous_vector(mat, vec):
    return (mat * vec.as_strided(mat.shape, (0, 1))).sum(dim=-1)


@mistake("as_strided_mv", **DETACHED)
def detached_vector(mat, vec):
    return solutions.as_strided_mv(mat, vec.detach())


@mistake("as_strided_mm", **FROM_SHAPE)
def product_from_shape(A, B):
    (n, m), width = A.shape, B.shape[1]
    left, right = A.as_strided((n, m, width), (m, 1, 0)), B.as_strided((n, m, width), (0, width, 1))
    return (left * right).sum(dim=1)


@mistake(
    "as_strided_mm",
    zh="求和求错了维：要对两边共有的 `m` 求和。",
    en="The sum goes over the wrong axis: sum over `m`, which both have.",
)
def summed_over_the_last(A, B):
    size = (*A.shape, B.shape[1])
    return (A.as_strided(size, (*A.stride(), 0)) * B.as_strided(size, (0, *B.stride()))).sum(dim=-1)


@mistake(
    "as_strided_mm",
    zh="`B` 的两个步长调换了，你读的是它的转置。",
    en="The strides of `B` have changed places: you read its transpose.",
)
def transposed_right(A, B):
    size = (*A.shape, B.shape[1])
    right = B.as_strided(size, (0, B.stride(1), B.stride(0)))
    return (A.as_strided(size, (*A.stride(), 0)) * right).sum(dim=1)


@mistake("as_strided_mm", **DETACHED)
def detached_factor(A, B):
    return solutions.as_strided_mm(A.detach(), B)


FLIPPED = {
    "zh": "深度学习里的卷积不翻转核。",
    "en": "In deep learning a convolution does not flip its kernel.",
}
ONE_SHORT = {
    "zh": "少了最后一个窗口：个数是 `width - k + 1`。",
    "en": "The last window is missing: there are `width - k + 1`.",
}
CHANNELS = {
    "zh": "视图的通道数取自 `weights`：两边不一致时，它会读到下一张图里去。",
    "en": "The view takes its channels from `weights`: where the two disagree it reads on into the next image.",
}
FIRST_CHANNEL = {
    "zh": "只用了第一个输入通道：要对 `c_in` 求和。",
    "en": "Only the first input channel is used: sum over `c_in`.",
}


@mistake("conv1d_minimal_simple", **FLIPPED)
def simply_flipped(x, weights):
    return solutions.conv1d_minimal_simple(x, weights.flip(0))


@mistake("conv1d_minimal_simple", **ONE_SHORT)
def one_short(x, weights):
    return solutions.conv1d_minimal_simple(x, weights)[:-1]


@mistake("conv1d_minimal_simple", **FROM_SHAPE)
def simple_from_shape(x, weights):
    k = len(weights)
    return x.as_strided((len(x) - k + 1, k), (1, 1)) @ weights


@mistake("conv1d_minimal_simple", **DETACHED)
def simply_detached(x, weights):
    return solutions.conv1d_minimal_simple(x, weights.detach())


@mistake("conv1d_minimal", **FLIPPED)
def flipped(x, weights):
    return solutions.conv1d_minimal(x, weights.flip(-1))


@mistake("conv1d_minimal", **FIRST_CHANNEL)
def first_channel(x, weights):
    return solutions.conv1d_minimal(x[:, :1], weights[:, :1])


@mistake(
    "conv1d_minimal",
    zh="`weights` 的前两维看反了：先输出通道，后输入通道。",
    en="The first two axes of `weights` are confused: output channels come first, input channels second.",
)
def confused_channels(x, weights):
    return solutions.conv1d_minimal(x, weights.transpose(0, 1))


@mistake("conv1d_minimal", **FROM_SHAPE)
def conv1d_from_shape(x, weights):
    (batch, c_in, width), k = x.shape, weights.shape[-1]
    windows = x.as_strided((batch, c_in, width - k + 1, k), (c_in * width, width, 1, 1))
    return torch.einsum("bcik,ock->boi", windows, weights)


@mistake("conv1d_minimal", **CHANNELS)
def channels_of_weights(x, weights):
    (batch, _, width), (_, c_in, k) = x.shape, weights.shape
    windows = torch.cat([x, x]).as_strided((batch, c_in, width - k + 1, k), (*x.contiguous().stride(), 1))
    if x.shape[1] == c_in:
        windows = x.as_strided((batch, c_in, width - k + 1, k), (*x.stride(), x.stride(-1)))
    return torch.einsum("bcik,ock->boi", windows, weights)


@mistake("conv2d_minimal", **FLIPPED)
def flipped_both_ways(x, weights):
    return solutions.conv2d_minimal(x, weights.flip(-2, -1))


@mistake(
    "conv2d_minimal",
    zh="窗口里的高与宽调换了：先 `kh` 的步长，后 `kw` 的。",
    en="Height and width are swapped within the window: the stride of `kh` comes first, then that of `kw`.",
)
def swapped_within(x, weights):
    (batch, c_in, height, width), (kh, kw) = x.shape, weights.shape[-2:]
    size = (batch, c_in, height - kh + 1, width - kw + 1, kh, kw)
    windows = x.as_strided(size, (*x.stride(), x.stride(-1), x.stride(-2)))
    return torch.einsum("bcijhw,ochw->boij", windows, weights)


@mistake("conv2d_minimal", **FROM_SHAPE)
def conv2d_from_shape(x, weights):
    (batch, c_in, height, width), (kh, kw) = x.shape, weights.shape[-2:]
    size = (batch, c_in, height - kh + 1, width - kw + 1, kh, kw)
    windows = x.as_strided(size, (c_in * height * width, height * width, width, 1, width, 1))
    return torch.einsum("bcijhw,ochw->boij", windows, weights)


@mistake("conv2d_minimal", **DETACHED)
def detached_kernel(x, weights):
    return solutions.conv2d_minimal(x, weights.detach())


@mistake("conv2d_minimal", **FIRST_CHANNEL)
def first_channel_2d(x, weights):
    return solutions.conv2d_minimal(x[:, :1], weights[:, :1])


@mistake(
    "output_size",
    zh="第一个窗口忘了数：最后加 1。",
    en="The first window is not counted: add 1 at the end.",
)
def first_not_counted(size, kernel, stride=1, padding=0):
    return solutions.output_size(size, kernel, stride, padding) - 1


@mistake(
    "output_size",
    zh="两端都填充：是 `2 * padding`。",
    en="Both ends are padded: it is `2 * padding`.",
)
def padded_once(size, kernel, stride=1, padding=0):
    return solutions.output_size(size + padding, kernel, stride)


@mistake(
    "output_size",
    zh="余数要舍去：最后一个窗口必须整个落在里面。",
    en="A remainder is dropped: the last window must lie inside as a whole.",
)
def rounded_up(size, kernel, stride=1, padding=0):
    solutions.output_size(size, kernel, stride, padding)
    return math.ceil((size + 2 * padding - kernel) / stride) + 1


@mistake(
    "output_size",
    zh="核比图还大时没有报错，却给出了 0 或负数。",
    en="A kernel larger than the image raises nothing, and gives 0 or less.",
)
def no_complaint(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


@mistake("pad1d", zh="左右调换了。", en="Left and right have changed places.")
def padded_mirrored(x, left, right, pad_value):
    return solutions.pad1d(x, right, left, pad_value)


@mistake("pad1d", zh="填的总是 0：要填 `pad_value`。", en="It always pads with 0: use `pad_value`.")
def padded_with_zero(x, left, right, pad_value):
    return solutions.pad1d(x, left, right, 0.0)


@mistake(
    "pad1d",
    zh="`torch.full` 不知道 `x` 的 dtype：用 `x.new_full`。",
    en="`torch.full` doesn't know the dtype of `x`: use `x.new_full`.",
)
def padded_float32(x, left, right, pad_value):
    batch, c, width = x.shape
    padded = torch.full((batch, c, left + width + right), pad_value)
    padded[..., left : left + width] = x
    return padded


@mistake(
    "pad1d",
    zh="`-right` 在 `right` 为 0 时就是开头，切片成了空的：写 `left + width`。",
    en="Where `right` is 0, `-right` is the beginning and the slice is empty: write `left + width`.",
)
def minus_zero(x, left, right, pad_value):
    batch, c, width = x.shape
    padded = x.new_full((batch, c, left + width + right), pad_value)
    padded[..., left:-right] = x
    return padded


@mistake("pad1d", **DETACHED)
def padded_detached(x, left, right, pad_value):
    return solutions.pad1d(x.detach(), left, right, pad_value)


@mistake(
    "pad2d",
    zh="两对参数用错了维：左右属于宽，上下属于高。",
    en="The two pairs went to the wrong axes: left and right belong to the width, top and bottom to the height.",
)
def wrong_axes(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, top, bottom, left, right, pad_value)


@mistake("pad2d", zh="左右（或上下）调换了。", en="Left and right, or top and bottom, have changed places.")
def padded_mirrored_2d(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, right, left, bottom, top, pad_value)


@mistake("pad2d", zh="填的总是 0：要填 `pad_value`。", en="It always pads with 0: use `pad_value`.")
def padded_with_zero_2d(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, left, right, top, bottom, 0.0)


@mistake(
    "pad2d",
    zh="`torch.full` 不知道 `x` 的 dtype：用 `x.new_full`。",
    en="`torch.full` doesn't know the dtype of `x`: use `x.new_full`.",
)
def padded_float32_2d(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x.float(), left, right, top, bottom, pad_value)


@mistake(
    "conv1d",
    zh="步幅用到了窗口里面：那是空洞卷积（dilation）；要跳的是窗口之间。",
    en="The stride went inside the window, which is dilation; it belongs between the windows.",
)
def dilated(x, weights, stride=1, padding=0):
    (batch, c_in, width), k = x.shape, weights.shape[-1]
    x = F.pad(x, (padding, padding)).contiguous()
    out = (width + 2 * padding - k) // stride + 1
    more = torch.cat([x.flatten(), x.new_zeros(stride * (out + k))])
    windows = more.as_strided((batch, c_in, out, k), (*x.stride()[:2], 1, stride))
    return torch.einsum("bcik,ock->boi", windows, weights)


@mistake("conv1d", zh="没有用上 `stride`。", en="`stride` is not used.")
def never_jumps(x, weights, stride=1, padding=0):
    return solutions.conv1d(x, weights, 1, padding)


@mistake("conv1d", zh="没有用上 `padding`。", en="`padding` is not used.")
def never_padded(x, weights, stride=1, padding=0):
    return solutions.conv1d(x, weights, stride)


@mistake(
    "conv1d",
    zh="只在右边填充了：两端各填 `padding` 个 0。",
    en="Only the right end is padded: put `padding` zeros at either end.",
)
def padded_at_the_right(x, weights, stride=1, padding=0):
    return solutions.conv1d(F.pad(x, (0, 2 * padding)), weights, stride)


@mistake("conv1d", **DETACHED)
def conv1d_detached(x, weights, stride=1, padding=0):
    return solutions.conv1d(x.detach(), weights, stride, padding)


def swapped(value):
    first, second = pair(value)
    return second, first


SWAPPED = {
    "zh": "一对数里，先高后宽。",
    "en": "In a pair the height comes first, then the width.",
}


@mistake("conv2d", **SWAPPED)
def swapped_strides(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights, swapped(stride), padding)


@mistake(
    "conv2d",
    zh="填充的一对数里，先高后宽；`pad2d` 的参数却先左右、后上下。",
    en="In a pair of paddings the height comes first; the arguments of `pad2d` begin with left and right.",
)
def swapped_padding(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights, stride, swapped(padding))


@mistake(
    "conv2d",
    zh="只用了一对数里的第一个：高与宽各有各的。",
    en="Only the first of a pair is used: height and width have one each.",
)
def first_of_pair(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights, pair(stride)[0], pair(padding)[0])


@mistake("conv2d", **FLIPPED)
def flipped_conv2d(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights.flip(-2, -1), stride, padding)


@mistake(
    "conv2d",
    zh="`kh` 和 `kw` 在列里的次序，与 `weights.flatten` 的不同：并成一维时两边要一致。",
    en="`kh` and `kw` are in another order in the columns than in `weights.flatten`: merge both sides alike.",
)
def columns_in_another_order(x, weights, stride=1, padding=0):
    other = weights.mT.reshape(weights.shape)
    return solutions.conv2d(x, other, stride, padding)


@mistake(
    "conv2d",
    zh="答案是对的，但一张一张地算：把整批交给一次矩阵乘法。",
    en="The answer is right, but it goes image by image: give the whole batch to one matrix product.",
)
def image_by_image(x, weights, stride=1, padding=0):
    return torch.cat([solutions.conv2d(image[None], weights, stride, padding) for image in x])


@mistake("conv2d", **DETACHED)
def conv2d_detached(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights.detach(), stride, padding)


@mistake(
    "max_along",
    zh="`range(kernel - 1)` 少一个：窗口里有 `kernel` 个元素。",
    en="`range(kernel - 1)` is one too few: a window has `kernel` elements.",
)
def last_shift_lost(x, kernel, stride, dim):
    return solutions.max_along(x, kernel, stride, dim) if kernel == 1 else _shifts(x, kernel, stride, dim, kernel - 1)


def _shifts(x, kernel, stride, dim, number):
    """The maximum over the first so many elements of each window."""
    count = (x.shape[dim] - kernel) // stride + 1
    views = [x.narrow(dim, i, x.shape[dim] - i).unfold(dim, 1, stride)[..., 0] for i in range(number)]
    return torch.stack([view.narrow(dim, 0, count) for view in views]).amax(dim=0)


@mistake("max_along", zh="没有用上 `stride`。", en="`stride` is not used.")
def every_window(x, kernel, stride, dim):
    return solutions.max_along(x, kernel, 1, dim)


@mistake("max_along", zh="总是沿最后一维：要沿 `dim`。", en="Always along the last axis: take `dim`.")
def last_axis(x, kernel, stride, dim):
    return solutions.max_along(x, kernel, stride, -1)


@mistake("max_along", zh="这是最小值。", en="That is the minimum.")
def minimum(x, kernel, stride, dim):
    return -solutions.max_along(-x, kernel, stride, dim)


@mistake("max_along", **FROM_STORAGE)
def shifts_of_storage(x, kernel, stride, dim):
    size, steps = list(x.shape), list(x.stride())
    size[dim] = (x.shape[dim] - kernel) // stride + 1
    steps[dim] *= stride
    return torch.stack([x.as_strided(size, steps, i * x.stride(dim)) for i in range(kernel)]).amax(dim=0)


@mistake(
    "maxpool2d",
    zh="填充的 0 赢过了负数：用 `-math.inf` 填充。",
    en="The padded zeros beat negative numbers: pad with `-math.inf`.",
)
def zeros_win(x, kernel_size, stride=None, padding=0):
    (pad_h, pad_w), step = pair(padding), kernel_size if stride is None else stride
    return solutions.maxpool2d(F.pad(x, (pad_w, pad_w, pad_h, pad_h)), kernel_size, step)


@mistake(
    "maxpool2d",
    zh="没有给出 `stride` 时，它等于 `kernel_size`，不是 1。",
    en="Without a `stride` it is the `kernel_size`, not 1.",
)
def stride_of_one(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x, kernel_size, 1 if stride is None else stride, padding)


@mistake("maxpool2d", **SWAPPED)
def swapped_kernel(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x, swapped(kernel_size), stride, padding)


@mistake(
    "maxpool2d",
    zh="两维都要取最大：只沿宽取还不够。",
    en="Take the maximum along both axes: the width alone is not enough.",
)
def rows_only(x, kernel_size, stride=None, padding=0):
    step = pair(kernel_size if stride is None else stride)
    return solutions.maxpool2d(x, (1, pair(kernel_size)[1]), step, (0, pair(padding)[1]))


@mistake(
    "maxpool2d",
    zh="`NaN` 消失了：它表示前面算错了，应当传下去；`torch.maximum` 会传，`torch.fmax` 不会。",
    en="A `NaN` vanished: it tells of an error before and should be passed on; `torch.maximum` does, `torch.fmax` doesn't.",
)
def swallowed_nan(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x.nan_to_num(nan=-math.inf), kernel_size, stride, padding)
