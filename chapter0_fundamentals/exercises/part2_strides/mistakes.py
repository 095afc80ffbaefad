"""The wrong answers of the strides lesson, each explained in a sentence."""

import itertools
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
    "zh": "这些步长只有连续的张量才对：取自 `x.stride()`，别从形状里推。",
    "en": "These strides are right for contiguous tensors only: take them from `x.stride()`, not from the shape.",
}

FROM_STORAGE = {
    "zh": "`storage_offset` 从整块内存的开头数起：还要加上 `x.storage_offset()`。",
    "en": "`storage_offset` counts from the start of the storage: `x.storage_offset()` must be added.",
}

DETACHED = {
    "zh": "梯度断了：`detach`、`.data`、`.item()` 和 `torch.tensor` 都会切断它。",
    "en": "The gradient is cut off, as `detach`, `.data`, `.item()` and `torch.tensor` do.",
}

FLIPPED = {
    "zh": "深度学习里的卷积不翻转核。",
    "en": "In deep learning a convolution does not flip its kernel.",
}

ONE_SHORT = {
    "zh": "少了最后一个窗口：个数是 `width - k + 1`。",
    "en": "The last window is missing: there are `width - k + 1`.",
}

CHANNELS = {
    "zh": "`weights` 的通道更多时，它会读到下一张图里去：视图的通道数要取自 `x`，并先调用 `require_same_channels`。",
    "en": "Where `weights` has more channels it reads on into the next image: take the view's channels from `x`, and call `require_same_channels` first.",
}

FIRST_CHANNEL = {
    "zh": "只用了第一个输入通道：要对 `c_in` 求和。",
    "en": "Only the first input channel is used: sum over `c_in`.",
}

SWAPPED = {
    "zh": "一对数里，先高后宽。",
    "en": "In a pair the height comes first, then the width.",
}

READY_MADE = {
    "zh": "值是对的，却没有用 `as_strided`：这里要练的正是它。",
    "en": "The values are right, but without `as_strided`, which this is about.",
}

FROM_ZERO = {
    "zh": "`storage_offset=0` 是整块内存的开头，不是 `x` 的：不写它，或者从 `x.storage_offset()` 算起。",
    "en": "`storage_offset=0` is the start of the storage, not of `x`: leave it out, or begin at `x.storage_offset()`.",
}

TORCHS_OWN = {
    "zh": "这是 PyTorch 现成的函数：这里要自己写。",
    "en": "That is PyTorch's ready-made function: here you write it yourself.",
}

UNCHECKED = {
    "zh": "没有比较通道数：`weights` 只有 1 个通道时，乘法会悄悄广播；先调用 `require_same_channels`。",
    "en": "The channels aren't compared: if `weights` has only 1, the product broadcasts in silence; call `require_same_channels` first.",
}

BEFORE_PADDING = {
    "zh": "步长是填充之前的 `x` 的：填充之后是另一个张量，步长要从它取。",
    "en": "The strides are those of `x` before the padding: the padded tensor is another one, take them from it.",
}

MEAN = {
    "zh": "这是平均，不是求和。",
    "en": "That is a mean; a sum is wanted.",
}


def swapped(value):
    first, second = pair(value)
    return second, first


def _shifts(x, kernel, stride, dim, number):
    """The maximum over the first so many elements of each window."""
    count = (x.shape[dim] - kernel) // stride + 1
    views = [x.narrow(dim, i, x.shape[dim] - i).unfold(dim, 1, stride)[..., 0] for i in range(number)]
    return torch.stack([view.narrow(dim, 0, count) for view in views]).amax(dim=0)


@mistake(
    "addresses",
    zh="偏移量没有算进去：每个地址都要加 `offset`。",
    en="The offset is missing: every address includes `offset`.",
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
    "addresses", zh="步长的顺序反了：第一个属于 0 号轴。", en="The strides are reversed: the first is that of axis 0."
)
def reversed_strides(size, stride, offset=0):
    return addresses(size, tuple(stride)[::-1], offset)


@mistake("addresses", zh="单位是元素，不是字节。", en="The unit is elements, not bytes.")
def in_bytes(size, stride, offset=0):
    return 4 * addresses(size, stride, offset)


@mistake(
    "addresses",
    zh="每个轴都加了一次 `offset`：总共只加一次。",
    en="`offset` is added once for each axis: add it once in all.",
)
def offset_for_each_axis(size, stride, offset=0):
    return addresses(size, stride, len(size) * offset)


@mistake(
    "addresses",
    zh="地址是对的，却排成了一行：结果的形状是 `size`。",
    en="The addresses are right, but in one line: the result has the shape `size`.",
)
def all_in_one_line(size, stride, offset=0):
    return addresses(size, stride, offset).flatten()


@mistake(
    "addresses",
    zh="各轴的顺序反了：`size` 的第一个长度是 0 号轴的。",
    en="The axes come in reverse: the first length of `size` is that of axis 0.",
)
def axes_reversed(size, stride, offset=0):
    return addresses(tuple(size)[::-1], tuple(stride)[::-1], offset)


@mistake(
    "addresses",
    zh="下标从 0 数起，不从 1。",
    en="Indices count from 0, not from 1.",
)
def indices_from_one(size, stride, offset=0):
    return addresses(size, stride, offset) + sum(stride)


@mistake(
    "addresses",
    zh="地址是整数：结果要是 int64，不是浮点数。",
    en="Addresses are whole numbers: the result is int64, not floating point.",
)
def floating_addresses(size, stride, offset=0):
    return addresses(size, stride, offset).float()


@mistake(
    "addresses",
    zh="大的地址差了 1：中间用了 float32，它从 2**24 起存不下奇数；从头到尾用整数算。",
    en="Large addresses are off by 1: float32 was used on the way, and from 2**24 on it can't hold odd numbers; count in whole numbers throughout.",
)
def added_up_in_float32(size, stride, offset=0):
    total = torch.tensor(float(offset))
    for length, step in zip(size, stride, strict=True):
        total = total[..., None] + step * torch.arange(float(length))
    return total.long()


@mistake(
    "addresses",
    zh="没有元素时也要 int64，而 `torch.tensor([])` 是 float32。",
    en="Without elements the result is int64 too, where `torch.tensor([])` is float32.",
)
def floating_without_elements(size, stride, offset=0):
    places = addresses(size, stride, offset)
    return places if places.numel() else places.float()


@mistake(
    "addresses",
    zh="长度有 0 时出错了：这时结果没有元素，形状仍是 `size`。",
    en="A length of 0 ends in an error: the result has no elements then, and the shape `size` still.",
)
def no_elements_no_answer(size, stride, offset=0):
    if 0 in size:
        raise RuntimeError("nothing to stack")
    return addresses(size, stride, offset)


@mistake(
    "addresses",
    zh="`size` 是 `()` 时出错了：这时只有一个下标，地址是 `offset`。",
    en="A `size` of `()` ends in an error: it has one index, whose address is `offset`.",
)
def at_least_one_axis(size, stride, offset=0):
    if not len(size):
        raise IndexError
    return addresses(size, stride, offset)


@mistake(
    "addresses",
    zh="下标从 0 到长度减 1：你多走了一步。",
    en="An index goes from 0 to the length less 1: yours goes one step further.",
)
def one_step_further(size, stride, offset=0):
    return addresses([n + 1 for n in size], stride, offset)


@mistake(
    "addresses",
    zh="各轴一起走了：每个轴的下标要与其他轴的每个下标配对。",
    en="The axes move together: every index of one axis goes with every index of the others.",
)
def first_and_last_steps_only(size, stride, offset=0):
    return addresses(size, (*[0] * (len(size) - 1), sum(stride)) if size else (), offset)


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


@mistake("puzzle_column", **FROM_ZERO)
def column_of_storage(x):
    return x.as_strided((len(x),), (x.stride(0),), 0)


@mistake("puzzle_column", **READY_MADE)
def column_by_index(x):
    return x[:, 0]


@mistake(
    "puzzle_column",
    zh="结果只有一个轴：是 `x[:, 0]`，不是 `x[:, :1]`。",
    en="The result has one axis: it is `x[:, 0]`, not `x[:, :1]`.",
)
def column_with_two_axes(x):
    return x.as_strided((len(x), 1), x.stride())


@mistake(
    "puzzle_column",
    zh="步长是两个步长之和：这是沿着对角线走。",
    en="The stride is the sum of both: that walks along the diagonal.",
)
def diagonal_for_column(x):
    return x.as_strided((min(x.shape),), (sum(x.stride()),))


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


@mistake("puzzle_every_other", **FROM_ZERO)
def every_other_of_storage(x):
    return x.as_strided(((len(x) + 1) // 2,), (2 * x.stride(0),), 0)


@mistake("puzzle_every_other", **READY_MADE)
def every_other_by_index(x):
    return x[::2]


@mistake(
    "puzzle_every_other",
    zh="长度是偶数时多了一个，它不属于 `x`：6 个里取 3 个。",
    en="Of an even length it takes one too many, which isn't part of `x`: of 6 it is 3.",
)
def one_too_many(x):
    return x.as_strided((len(x) // 2 + 1,), (2 * x.stride(0),))


@mistake(
    "puzzle_every_other",
    zh="从第 1 个元素开始了：要从第 0 个开始。",
    en="It begins with element 1: begin with element 0.",
)
def the_odd_ones(x):
    return x.as_strided((len(x) // 2,), (2 * x.stride(0),), x.storage_offset() + x.stride(0))


@mistake(
    "puzzle_every_other",
    zh="步长翻倍了，个数没有减半：一直读到了 `x` 之外。",
    en="The stride is doubled, the number isn't halved: it reads on beyond `x`.",
)
def number_not_halved(x):
    return x.as_strided((len(x),), (2 * x.stride(0),))


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


@mistake(
    "puzzle_transpose",
    zh="只换了形状，步长还是原来的顺序。",
    en="Only the shape is swapped; the strides are in the old order.",
)
def shape_only(x):
    return x.as_strided(x.shape[::-1], x.stride())


@mistake("puzzle_transpose", **FROM_ZERO)
def transpose_of_storage(x):
    return x.as_strided(x.shape[::-1], x.stride()[::-1], 0)


@mistake("puzzle_transpose", **READY_MADE)
def ready_made_transpose(x):
    return x.T


@mistake(
    "puzzle_transpose",
    zh="什么也没有换：这就是 `x`。",
    en="Nothing is swapped: this is `x` itself.",
)
def nothing_swapped(x):
    return x.as_strided(x.shape, x.stride())


@mistake(
    "puzzle_transpose",
    zh="两个轴用了同一个步长：0 号轴用列步长，1 号轴用行步长。",
    en="One stride serves for both axes: axis 0 takes the columns' stride, axis 1 that of the rows.",
)
def one_stride_for_both(x):
    return x.as_strided(x.shape[::-1], (x.stride(1), x.stride(1)))


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


@mistake("puzzle_row", **READY_MADE)
def row_by_index(x, i):
    return x[i]


@mistake("puzzle_row", **COPY)
def row_copied(x, i):
    return solutions.puzzle_row(x, i).clone()


@mistake("puzzle_row", **FROM_SHAPE)
def row_from_shape(x, i):
    return x.as_strided((x.shape[1],), (1,), x.storage_offset() + i * x.shape[1])


@mistake("puzzle_row", zh="这是第 `i` 列，不是第 `i` 行。", en="That is column `i`, not row `i`.")
def column_for_row(x, i):
    return x.as_strided((len(x),), (x.stride(0),), x.storage_offset() + i * x.stride(1))


@mistake(
    "puzzle_row",
    zh="每一步走了一整行：沿着一行走，用列步长。",
    en="Each step goes a whole row down: along a row the stride is that of the columns.",
)
def down_instead_of_along(x, i):
    return x.as_strided((min(x.shape),), (x.stride(0),), x.storage_offset() + i * x.stride(0))


@mistake(
    "puzzle_row",
    zh="结果只有一个轴：是 `x[i]`，不是 `x[i : i + 1]`。",
    en="The result has one axis: it is `x[i]`, not `x[i : i + 1]`.",
)
def row_with_two_axes(x, i):
    return x.as_strided((1, x.shape[1]), x.stride(), x.storage_offset() + i * x.stride(0))


@mistake(
    "puzzle_row",
    zh="一行有 `cols` 个元素，不是 `rows` 个。",
    en="A row has `cols` elements, not `rows`.",
)
def row_of_another_length(x, i):
    return x.as_strided((len(x),), (x.stride(1),), x.storage_offset() + i * x.stride(0))


@mistake(
    "puzzle_row",
    zh="起点按行的长度算了：两行之间隔的是 `x.stride(0)`，切片之后它不等于 `x.shape[1]`。",
    en="The start was worked out from the length of a row: rows are `x.stride(0)` apart, which in a slice isn't `x.shape[1]`.",
)
def rows_as_long_as_apart(x, i):
    return x.as_strided((x.shape[1],), (x.stride(1),), x.storage_offset() + i * x.shape[1])


@mistake("puzzle_repeat", **COPY)
def repeated_copy(x, times):
    return x.as_strided((times, len(x)), (0, x.stride(0))).contiguous()


@mistake(
    "puzzle_repeat",
    zh="重复的是元素，不是整行：步长为 0 的应当是 0 号轴。",
    en="That repeats the elements and not the row: the stride of 0 belongs to axis 0.",
)
def elements_repeated(x, times):
    return x.as_strided((times, len(x)), (x.stride(0), 0))


@mistake(
    "puzzle_repeat",
    zh="换行时地址变了：0 号轴的步长是 0。",
    en="The address changes from row to row: axis 0 has the stride 0.",
)
def rows_move_on(x, times):
    return x.as_strided((times, len(x)), (x.stride(0), x.stride(0)))


@mistake("puzzle_repeat", **FROM_SHAPE)
def repeat_from_shape(x, times):
    return x.as_strided((times, len(x)), (0, 1))


@mistake("puzzle_repeat", **READY_MADE)
def expanded(x, times):
    return x.expand(times, -1)


@mistake("puzzle_repeat", **FROM_ZERO)
def repeat_of_storage(x, times):
    return x.as_strided((times, len(x)), (0, x.stride(0)), 0)


@mistake(
    "puzzle_repeat",
    zh="行与列反了：结果有 `times` 行，每一行是整个 `x`。",
    en="Rows and columns are swapped: there are `times` rows, and each is the whole of `x`.",
)
def repeated_in_columns(x, times):
    return x.as_strided((len(x), times), (x.stride(0), 0))


@mistake(
    "puzzle_repeat",
    zh="两个步长都是 0，读的总是第一个元素：只有 0 号轴的步长是 0。",
    en="Both strides are 0, so it reads the first element only: just axis 0 has the stride 0.",
)
def one_element_everywhere(x, times):
    return x.as_strided((times, len(x)), (0, 0))


@mistake(
    "puzzle_repeat",
    zh="接成了一长条：结果有两个轴，`times` 行。",
    en="All in one line: the result has two axes, and `times` rows.",
)
def repeated_in_one_line(x, times):
    return x.repeat(times)


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


@mistake("puzzle_windows", **READY_MADE)
def unfolded(x, size):
    return x.unfold(0, size, 1)


@mistake("puzzle_windows", **FROM_ZERO)
def windows_of_storage(x, size):
    return x.as_strided((len(x) - size + 1, size), (x.stride(0), x.stride(0)), 0)


@mistake(
    "puzzle_windows",
    zh="行与列反了：每个窗口是一行。",
    en="Rows and columns are swapped: each window is a row.",
)
def windows_in_columns(x, size):
    return x.as_strided((size, len(x) - size + 1), (x.stride(0), x.stride(0)))


@mistake(
    "puzzle_windows",
    zh="多了一个窗口，它伸到了 `x` 之外：个数是 `n - size + 1`。",
    en="There is a window too many, and it reaches beyond `x`: there are `n - size + 1`.",
)
def one_window_too_many(x, size):
    return x.as_strided((len(x) - size + 2, size), (x.stride(0), x.stride(0)))


@mistake(
    "puzzle_windows",
    zh="每个元素都开了一个窗口，后面几个伸到了 `x` 之外：个数是 `n - size + 1`。",
    en="Every element begins a window, and the last ones reach beyond `x`: there are `n - size + 1`.",
)
def window_for_each_element(x, size):
    return x.as_strided((len(x), size), (x.stride(0), x.stride(0)))


@mistake(
    "puzzle_windows",
    zh="窗口里的步长是 1：`x` 的元素相隔 `x.stride(0)`。",
    en="Within a window the stride is 1: the elements of `x` are `x.stride(0)` apart.",
)
def one_address_within(x, size):
    return x.as_strided((len(x) - size + 1, size), (x.stride(0), 1))


@mistake(
    "puzzle_windows",
    zh="到下一个窗口的步长是 1：`x` 的元素相隔 `x.stride(0)`。",
    en="The stride to the next window is 1: the elements of `x` are `x.stride(0)` apart.",
)
def one_address_on(x, size):
    return x.as_strided((len(x) - size + 1, size), (1, x.stride(0)))


@mistake(
    "puzzle_windows",
    zh="所有窗口都一样：到下一个窗口要往前走一个元素，步长不是 0。",
    en="All windows are the same: the next one starts one element on, so that stride isn't 0.",
)
def the_same_window(x, size):
    return x.as_strided((len(x) - size + 1, size), (0, x.stride(0)))


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
    zh="行步长只有宽度除得尽时才对：除不尽时，一行比小块们更长，步长取自 `x.stride()`。",
    en="The row's stride is right only where the width leaves no remainder: a row may be longer than its tiles, so take `x.stride()`.",
)
def rows_without_remainder(x, size):
    height, width = (n // size for n in x.shape)
    row = width * size
    return x.as_strided((height, width, size, size), (size * row, size * x.stride(1), row, x.stride(1)))


@mistake("puzzle_tiles", **FROM_SHAPE)
def tiles_from_shape(x, size):
    height, width = x.shape
    return x.as_strided((height // size, width // size, size, size), (size * width, size, width, 1))


@mistake("puzzle_tiles", **FROM_ZERO)
def tiles_of_storage(x, size):
    (height, width), (row, col) = x.shape, x.stride()
    return x.as_strided((height // size, width // size, size, size), (size * row, size * col, row, col), 0)


@mistake("puzzle_tiles", **READY_MADE)
def tiles_by_unfold(x, size):
    return x.unfold(0, size, size).unfold(1, size, size)


@mistake("puzzle_tiles", **COPY)
def tiles_copied(x, size):
    return solutions.puzzle_tiles(x, size).contiguous()


@mistake(
    "puzzle_tiles",
    zh="小块的行与列反了：0 号轴往下走，1 号轴往右走。",
    en="Rows and columns of tiles are swapped: axis 0 goes down, axis 1 to the right.",
)
def grid_transposed(x, size):
    return solutions.puzzle_tiles(x, size).transpose(0, 1)


@mistake(
    "puzzle_tiles",
    zh="步长的顺序与形状不符：1 号轴是往右一个小块，2 号轴才是小块里往下一行。",
    en="The strides are in another order than the axes: axis 1 is the tile to the right, axis 2 the row within a tile.",
)
def strides_in_another_order(x, size):
    (height, width), (row, col) = x.shape, x.stride()
    return x.as_strided((height // size, width // size, size, size), (size * row, row, size * col, col))


@mistake(
    "puzzle_tiles",
    zh="边上不够一块的也算了进去：个数要向下取整。",
    en="What does not fill a tile at the border was counted too: round the number of tiles down.",
)
def broken_tiles_too(x, size):
    (height, width), (row, col) = x.shape, x.stride()
    return x.as_strided((-(-height // size), -(-width // size), size, size), (size * row, size * col, row, col))


@mistake(
    "puzzle_tiles",
    zh="横着的小块有 `width // size` 个，你用了高的：只有正方形的图才对。",
    en="There are `width // size` tiles side by side; yours are `height // size`, right for a square image only.",
)
def as_many_across_as_down(x, size):
    (height, _), (row, col) = x.shape, x.stride()
    return x.as_strided((height // size, height // size, size, size), (size * row, size * col, row, col))


@mistake(
    "puzzle_tiles",
    zh="竖着的小块有 `height // size` 个，你用了宽的：只有正方形的图才对。",
    en="There are `height // size` tiles one below the other; yours are `width // size`, right for a square image only.",
)
def as_many_down_as_across(x, size):
    (_, width), (row, col) = x.shape, x.stride()
    return x.as_strided((width // size, width // size, size, size), (size * row, size * col, row, col))


@mistake(
    "puzzle_tiles",
    zh="小块排成了一列：结果有四个轴，`tiles_h tiles_w size size`。",
    en="The tiles are in one line: the result has four axes, `tiles_h tiles_w size size`.",
)
def tiles_in_one_line(x, size):
    return solutions.puzzle_tiles(x, size).flatten(0, 1)


@mistake(
    "puzzle_tiles",
    zh="列步长当成了 1：`x` 的列相隔 `x.stride(1)`。",
    en="The column's stride was taken for 1: the columns of `x` are `x.stride(1)` apart.",
)
def columns_one_apart(x, size):
    (height, width), row = x.shape, x.stride(0)
    return x.as_strided((height // size, width // size, size, size), (size * row, size, row, 1))


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


@mistake("puzzle_antidiagonal", **READY_MADE)
def flipped_diagonal(x):
    return x.flip(1).diagonal()


@mistake("puzzle_antidiagonal", **COPY)
def antidiagonal_copied(x):
    return solutions.puzzle_antidiagonal(x).clone()


@mistake(
    "puzzle_antidiagonal",
    zh="起点多走了一步：第 0 行的最后一个元素，离开头 `n - 1` 步。",
    en="The start is one step too far: the last element of row 0 is `n - 1` steps from the beginning.",
)
def start_one_too_far(x):
    return x.as_strided((len(x),), (x.stride(0) - x.stride(1),), x.storage_offset() + len(x) * x.stride(1))


@mistake(
    "puzzle_antidiagonal",
    zh="从右上角一直往下：这是最后一列，每一步还要往左一列。",
    en="Straight down from the top right: that is the last column; each step goes one column to the left too.",
)
def straight_down(x):
    return x.as_strided((len(x),), (x.stride(0),), x.storage_offset() + (len(x) - 1) * x.stride(1))


@mistake(
    "puzzle_antidiagonal",
    zh="从左下往右上走，步长是负的，PyTorch 不允许：从右上角出发。",
    en="From the bottom left upwards the stride is negative, which PyTorch doesn't allow: begin at the top right.",
)
def upwards(x):
    row, col = x.stride()
    return x.as_strided((len(x),), (col - row,), x.storage_offset() + (len(x) - 1) * row)


@mistake(
    "puzzle_antidiagonal",
    zh="起点只往后挪了 `n - 1` 个地址：第 0 行的最后一个元素在 `(n - 1) * col` 个地址之后。",
    en="The start moved by `n - 1` addresses only: the last element of row 0 is `(n - 1) * col` addresses on.",
)
def addresses_for_columns(x):
    return x.as_strided((len(x),), (x.stride(0) - x.stride(1),), x.storage_offset() + len(x) - 1)


@mistake(
    "puzzle_antidiagonal",
    zh="往左一列只减了 1：地址要减 `x.stride(1)`。",
    en="One column to the left took off only 1: it takes `x.stride(1)` off the address.",
)
def one_off_for_a_column(x):
    start = x.storage_offset() + (len(x) - 1) * x.stride(1)
    return x.as_strided((len(x),), (max(x.stride(0) - 1, 0),), start)


@mistake(
    "puzzle_antidiagonal",
    zh="顺序反了：从右上角走到左下角。",
    en="The order is reversed: it goes from the top right to the bottom left.",
)
def from_the_bottom_left(x):
    return x.flip(0).diagonal()


@mistake(
    "puzzle_antidiagonal",
    zh="少了最后一个元素：一共 `n` 个。",
    en="The last element is missing: there are `n`.",
)
def antidiagonal_one_short(x):
    return solutions.puzzle_antidiagonal(x)[:-1]


@mistake(
    "stays_inside",
    zh="这里只有读到整块内存之外才算越界：PyTorch 已经拦住了它，可是邻居也不属于 `x`。",
    en="Only leaving the whole storage counts here: PyTorch stops that already, but the neighbours aren't part of `x` either.",
)
def within_the_storage(x, size, stride, offset):
    places = addresses(size, stride, offset)
    return bool((places * x.element_size() < x.untyped_storage().nbytes()).all())


@mistake(
    "stays_inside",
    zh="这里只有从后面伸出去才算：视图也可能从前面伸出去。",
    en="Only reaching out at the end counts here: a view may reach out in front too.",
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
    "stays_inside",
    zh="这里只有元素的个数算数：个数少，也可能读到别处去。",
    en="Only the number of elements counts here: a few elements may lie elsewhere, too.",
)
def counted_only(x, size, stride, offset):
    return math.prod(size) <= x.numel()


@mistake(
    "stays_inside",
    zh="别处的元素，值相等也算成了 `x` 的：要比的是地址，不是值。",
    en="Elements elsewhere count as those of `x` where their values are equal: compare addresses, not values.",
)
def by_value(x, size, stride, offset):
    try:
        return bool(torch.isin(x.as_strided(size, stride, offset), x).all())
    except RuntimeError:
        return False


@mistake(
    "stays_inside",
    zh="问反了：你查的是 `x` 的每个元素是否都被读到。",
    en="That is the question the other way round: whether the view reads every element of `x`.",
)
def the_other_way_round(x, size, stride, offset):
    own = addresses(x.shape, x.stride(), int(x.storage_offset()))
    return bool(torch.isin(own, addresses(size, stride, offset)).all())


@mistake(
    "stays_inside",
    zh="有一个地址在里面还不够：每一个都要在（`all`，不是 `any`）。",
    en="One address inside is not enough: all of them must be (`all`, not `any`).",
)
def one_is_enough(x, size, stride, offset):
    own = addresses(x.shape, x.stride(), int(x.storage_offset()))
    return bool(torch.isin(addresses(size, stride, offset), own).any())


@mistake(
    "stays_inside",
    zh="没有用上 `offset`：视图从那个地址开始读。",
    en="`offset` is not used: the view begins to read at that address.",
)
def offset_unused(x, size, stride, offset):
    return solutions.stays_inside(x, size, stride, int(x.storage_offset()))


@mistake(
    "stays_inside",
    zh="什么也不读的视图没有越界：这时应当是 True。",
    en="A view that reads nothing reads nothing outside: that is True.",
)
def nothing_is_outside(x, size, stride, offset):
    return math.prod(size) > 0 and solutions.stays_inside(x, size, stride, offset)


@mistake(
    "stays_inside",
    zh="什么也不读时，`offset` 落在哪里都不要紧：那里并没有读。",
    en="Where nothing is read it doesn't matter where `offset` lies: nothing is read there.",
)
def start_must_be_inside(x, size, stride, offset):
    own = addresses(x.shape, x.stride(), int(x.storage_offset()))
    return offset in own.flatten().tolist() and solutions.stays_inside(x, size, stride, offset)


@mistake(
    "stays_inside",
    zh="把 `x` 的元素当成了紧挨着的一段：从 `x.storage_offset()` 起 `x.numel()` 个；它们之间可以有空隙。",
    en="It takes the elements of `x` for one run, `x.numel()` from `x.storage_offset()` on: there may be gaps between them.",
)
def as_one_run(x, size, stride, offset):
    places, first = addresses(size, stride, offset), x.storage_offset()
    return bool(((places >= first) & (places < first + x.numel())).all())


@mistake(
    "stays_inside",
    zh="读到整块内存之外时报错了：要返回 False。",
    en="Where it would read outside the storage it raises an error: return False.",
)
def an_error_outside(x, size, stride, offset):
    x.as_strided(size, stride, offset)
    return solutions.stays_inside(x, size, stride, offset)


@mistake(
    "stays_inside",
    zh="什么也不读时出错了：空张量没有最大值；这时是 True。",
    en="Where nothing is read it ends in an error: an empty tensor has no maximum; the answer is True.",
)
def nothing_to_compare(x, size, stride, offset):
    if not math.prod(size):
        raise RuntimeError("max(): no elements")
    return solutions.stays_inside(x, size, stride, offset)


@mistake(
    "stays_inside",
    zh="一个元素占 4 个字节只是 float32 的情形：地址以元素为单位，或者用 `x.element_size()`。",
    en="That an element takes 4 bytes is so for float32 only: count addresses in elements, or use `x.element_size()`.",
)
def four_bytes_each(x, size, stride, offset):
    return x.element_size() == 4 and solutions.stays_inside(x, size, stride, offset)


@mistake(
    "overlaps",
    zh="步长为 0 只是重叠的一种（PyTorch 也只查这一种）：滑动窗口也重叠。",
    en="A stride of 0 is just one way to overlap (and all that PyTorch checks): sliding windows overlap too.",
)
def only_zero_strides(size, stride):
    return math.prod(size) > 0 and any(s == 0 and n > 1 for n, s in zip(size, stride, strict=True))


@mistake(
    "overlaps",
    zh="长度是 1 的轴从不走动：它的步长是 0 也不重叠。",
    en="An axis of length 1 takes no step: it does not overlap even with a stride of 0.",
)
def length_one_too(size, stride):
    return 0 in stride and math.prod(size) > 0 or solutions.overlaps(size, stride)


@mistake(
    "overlaps",
    zh="这里只有步长相等才算重叠：步长为 2 的窗口也会重叠。",
    en="Only equal strides count as an overlap here: windows that jump by 2 overlap too.",
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
    "overlaps", zh="正好反了：你回答的是“没有重叠”。", en="That is the reverse: you answer whether it does not overlap."
)
def never_meets(size, stride):
    return not solutions.overlaps(size, stride)


@mistake(
    "overlaps",
    zh="这里只有相邻的下标碰在一起才算：碰在一起的下标可以隔得很远。",
    en="Only indices next to each other count here: those that meet may be far apart.",
)
def neighbours_only(size, stride):
    return len(addresses(size, stride).flatten().unique_consecutive()) < math.prod(size)


@mistake(
    "overlaps",
    zh="`len` 只数 0 号轴有多长：下标的个数是 `math.prod(size)`。",
    en="`len` gives the length of axis 0 only: the number of indices is `math.prod(size)`.",
)
def counted_along_axis_0(size, stride):
    places = addresses(size, stride)
    return len(places.unique()) < (len(places) if size else 1)


@mistake(
    "overlaps",
    zh="一次只看两个轴还不够：有时三个轴才碰在一起，比如步长 1、2、3。",
    en="Two axes at a time are not enough: sometimes only three of them meet, as with the strides 1, 2, 3.",
)
def two_axes_at_a_time(size, stride):
    axes = list(zip(size, stride, strict=True))
    pairs = [*itertools.combinations(axes, 2), *([axis] for axis in axes)]
    return math.prod(size) > 0 and any(solutions.overlaps(*zip(*some, strict=True)) for some in pairs)


@mistake(
    "overlaps",
    zh="大的步长没有跨过小步长的整段，也未必重叠：两个轴可以互相穿插。",
    en="A large stride that does not clear the whole of a smaller one need not overlap: axes may interleave.",
)
def must_be_nested(size, stride):
    axes = sorted((s, n) for n, s in zip(size, stride, strict=True) if n > 1)
    reach = 0
    for step, length in axes:
        if step <= reach:
            return math.prod(size) > 0
        reach += step * (length - 1)
    return False


@mistake(
    "overlaps",
    zh="不连续不等于重叠：步长更大，只是中间有空隙。",
    en="Not contiguous does not mean overlapping: with larger strides there are only gaps.",
)
def anything_but_contiguous(size, stride):
    return tuple(stride) != torch.empty(tuple(size)).stride() and math.prod(size) > 1


@mistake(
    "overlaps",
    zh="没有元素就没有两个不同的下标：这时是 False。",
    en="Without elements there are no two indices: the answer is False then.",
)
def nothing_overlaps_too(size, stride):
    return not math.prod(size) or solutions.overlaps(size, stride)


@mistake(
    "overlaps",
    zh="没有元素时出错了：这时没有两个不同的下标，答案是 False。",
    en="Without elements it ends in an error: there are no two indices then, so the answer is False.",
)
def an_error_without_elements(size, stride):
    if not math.prod(size):
        raise RuntimeError("max(): no elements")
    return solutions.overlaps(size, stride)


@mistake(
    "overlaps",
    zh="`size` 是 `()` 时出错了：它只有一个下标，答案是 False。",
    en="A `size` of `()` ends in an error: it has a single index, so the answer is False.",
)
def an_error_without_axes(size, stride):
    if not len(size):
        raise IndexError
    return solutions.overlaps(size, stride)


@mistake(
    "overlaps",
    zh="有空隙不等于重叠：地址的跨度比下标的个数大，也可以各读各的。",
    en="Gaps are no overlap: addresses may span more than there are indices, and yet all differ.",
)
def gaps_too(size, stride):
    places = addresses(size, stride)
    return places.numel() > 0 and int(places.max()) + 1 != places.numel()


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


@mistake(
    "as_strided_trace",
    zh="`reshape(-1)` 不一定拷贝：两个轴并得成一个时它是视图，步长不是 1；步长要问视图自己，或者直接用 `mat` 的两个步长。",
    en="`reshape(-1)` doesn't always copy: where two axes merge it is a view, whose stride isn't 1; ask the view itself, or use the two strides of `mat`.",
)
def trace_of_the_flattened(mat):
    return mat.reshape(-1).as_strided((len(mat),), (len(mat) + 1,)).sum()


@mistake("as_strided_trace", **DETACHED)
def detached_trace(mat):
    return solutions.as_strided_trace(mat.detach())


@mistake("as_strided_trace", zh="还没有求和：这是对角线。", en="Not summed yet: this is the diagonal.")
def just_the_diagonal(mat):
    return mat.as_strided((len(mat),), (sum(mat.stride()),))


@mistake(
    "as_strided_trace",
    zh="值是对的，用的却是现成的 `trace` 或 `diagonal`：这里用 `as_strided`。",
    en="The value is right, but by the ready-made `trace` or `diagonal`: here use `as_strided`.",
)
def ready_made_trace(mat):
    return mat.trace()


@mistake(
    "as_strided_trace",
    zh="`.item()` 给出一个 Python 数，它没有梯度：返回张量。",
    en="`.item()` gives a number of Python, which has no gradient: return a tensor.",
)
def trace_as_a_number(mat):
    return solutions.as_strided_trace(mat).item()


@mistake("as_strided_trace", **FROM_ZERO)
def trace_of_storage(mat):
    return mat.as_strided((len(mat),), (sum(mat.stride()),), 0).sum()


@mistake("as_strided_trace", **MEAN)
def mean_of_the_diagonal(mat):
    return solutions.as_strided_trace(mat) / len(mat)


@mistake(
    "as_strided_trace",
    zh="这是反对角线的和：往右一列，地址是加，不是减。",
    en="That is the sum of the antidiagonal: one column to the right adds to the address.",
)
def other_diagonal(mat):
    return solutions.as_strided_trace(mat.flip(1))


@mistake(
    "as_strided_trace",
    zh="只有行步长加了 1：列步长不一定是 1。",
    en="Only 1 was added to the row's stride: the column's stride need not be 1.",
)
def row_plus_one(mat):
    return mat.as_strided((len(mat),), (mat.stride(0) + 1,)).sum()


@mistake(
    "as_strided_trace",
    zh="少了最后一个：对角线上有 `n` 个元素。",
    en="The last one is missing: the diagonal has `n` elements.",
)
def trace_one_short(mat):
    return mat.as_strided((len(mat) - 1,), (sum(mat.stride()),)).sum()


@mistake(
    "as_strided_trace",
    zh="结果多了一个轴：要的是没有轴的张量，形状是 `()`。",
    en="The result has an axis too many: a tensor without axes is wanted, of the shape `()`.",
)
def trace_with_an_axis(mat):
    return solutions.as_strided_trace(mat)[None]


@mistake(
    "as_strided_trace",
    zh="这是所有元素的和：只加对角线上的。",
    en="That is the sum of all elements: add those of the diagonal only.",
)
def sum_of_everything(mat):
    return mat.as_strided(mat.shape, mat.stride()).sum()


@mistake(
    "as_strided_mv",
    zh="求和求错了轴：每一行留一个数。",
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


@mistake(
    "as_strided_mv",
    zh="用了现成的乘积：这里用 `as_strided` 摆好，再用 `*` 和 `sum`。",
    en="That is a ready-made product: here lay out by `as_strided`, then use `*` and `sum`.",
)
def ready_made_mv(mat, vec):
    return mat @ vec


@mistake(
    "as_strided_mv",
    zh="值是对的，却没有用 `as_strided` 来摆：这里要用它自己摆。",
    en="The values are right, but not laid out by `as_strided`: here do that yourself.",
)
def broadcast_mv(mat, vec):
    return (mat * vec).sum(dim=-1)


@mistake("as_strided_mv", **FROM_ZERO)
def mv_of_storage(mat, vec):
    return (mat * vec.as_strided(mat.shape, (0, vec.stride(0)), 0)).sum(dim=-1)


@mistake("as_strided_mv", **MEAN)
def mean_for_mv(mat, vec):
    return solutions.as_strided_mv(mat, vec) / len(vec)


@mistake("as_strided_mv", zh="还没有求和：这是逐项的乘积。", en="Not summed yet: these are the products, term by term.")
def mv_not_summed(mat, vec):
    return mat * vec.as_strided(mat.shape, (0, vec.stride(0)))


@mistake(
    "as_strided_mv",
    zh="结果多了一个轴：求和之后不要 `keepdim`。",
    en="The result has an axis too many: sum without `keepdim`.",
)
def mv_as_a_column(mat, vec):
    return solutions.as_strided_mv(mat, vec)[:, None]


@mistake(
    "as_strided_mv",
    zh="没有用 `vec` 自己的步长：它也许是切出来的一列，取 `vec.stride(0)`。",
    en="The stride used isn't that of `vec`, which may be a column cut out of a matrix: take `vec.stride(0)`.",
)
def stride_of_the_matrix(mat, vec):
    return (mat * vec.as_strided(mat.shape, (0, mat.stride(1)))).sum(dim=-1)


@mistake(
    "as_strided_mv",
    zh="加成了一个数：每一行留一个。",
    en="All is summed to one number: one is left for each row.",
)
def mv_summed_up(mat, vec):
    return solutions.as_strided_mv(mat, vec).sum()


@mistake("as_strided_mv", **DETACHED)
def detached_matrix(mat, vec):
    return solutions.as_strided_mv(mat.detach(), vec)


@mistake(
    "as_strided_mv",
    zh="结果要与输入的 dtype 相同：`torch.zeros` 造的是 float32。",
    en="The result has the dtype of the inputs: `torch.zeros` makes float32.",
)
def mv_in_float32(mat, vec):
    return solutions.as_strided_mv(mat, vec).float()


@mistake("as_strided_mm", **FROM_SHAPE)
def product_from_shape(A, B):
    (n, m), width = A.shape, B.shape[1]
    left, right = A.as_strided((n, m, width), (m, 1, 0)), B.as_strided((n, m, width), (0, width, 1))
    return (left * right).sum(dim=1)


@mistake(
    "as_strided_mm",
    zh="求和求错了轴：要对两边共有的 `m` 求和。",
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


@mistake(
    "as_strided_mm",
    zh="用了现成的乘积：这里用 `as_strided` 摆好，再用 `*` 和 `sum`。",
    en="That is a ready-made product: here lay out by `as_strided`, then use `*` and `sum`.",
)
def ready_made_mm(A, B):
    return A @ B


@mistake(
    "as_strided_mm",
    zh="值是对的，却没有用 `as_strided` 来摆：这里要用它自己摆。",
    en="The values are right, but not laid out by `as_strided`: here do that yourself.",
)
def broadcast_mm(A, B):
    return (A[:, :, None] * B).sum(dim=1)


@mistake(
    "as_strided_mm",
    zh="`A` 只有一行或 `B` 只有一列时，`squeeze` 把长度为 1 的轴也去掉了：`sum(dim=1)` 的形状已经是 `n l`。",
    en="Where `A` has one row or `B` one column, `squeeze` removes that axis: after `sum(dim=1)` the shape is `n l` already.",
)
def squeezed_mm(A, B):
    return solutions.as_strided_mm(A, B).squeeze()


@mistake("as_strided_mm", **MEAN)
def mean_for_mm(A, B):
    return solutions.as_strided_mm(A, B) / len(B)


@mistake("as_strided_mm", **FROM_ZERO)
def mm_of_storage(A, B):
    size = (*A.shape, B.shape[1])
    return (A.as_strided(size, (*A.stride(), 0), 0) * B.as_strided(size, (0, *B.stride()), 0)).sum(dim=1)


@mistake(
    "as_strided_mm",
    zh="结果转置了：行是 `A` 的，列是 `B` 的。",
    en="The result is transposed: the rows are those of `A`, the columns those of `B`.",
)
def transposed_result(A, B):
    return solutions.as_strided_mm(A, B).T


@mistake(
    "as_strided_mm",
    zh="`A` 的两个步长调换了，你读的是它的转置。",
    en="The strides of `A` have changed places: you read its transpose.",
)
def transposed_left(A, B):
    size = (*A.shape, B.shape[1])
    left = A.as_strided(size, (A.stride(1), A.stride(0), 0))
    return (left * B.as_strided(size, (0, *B.stride()))).sum(dim=1)


@mistake(
    "as_strided_mm",
    zh="`l` 取成了 `A` 的行数：它是 `B` 的列数 `B.shape[1]`。",
    en="`l` was taken from the rows of `A`: it is the number of columns of `B`, `B.shape[1]`.",
)
def columns_from_the_rows_of_a(A, B):
    size = (*A.shape, len(A))
    return (A.as_strided(size, (*A.stride(), 0)) * B.as_strided(size, (0, *B.stride()))).sum(dim=1)


@mistake(
    "as_strided_mm",
    zh="求和求错了轴：对 `n` 求了和，要对两边共有的 `m`。",
    en="The sum goes over `n`: sum over `m`, which both have.",
)
def summed_over_the_first(A, B):
    size = (*A.shape, B.shape[1])
    return (A.as_strided(size, (*A.stride(), 0)) * B.as_strided(size, (0, *B.stride()))).sum(dim=0)


@mistake("as_strided_mm", **DETACHED)
def detached_second_factor(A, B):
    return solutions.as_strided_mm(A, B.detach())


@mistake(
    "as_strided_mm",
    zh="还没有求和：`n m l` 里的 `m` 还在。",
    en="Not summed yet: the `m` of `n m l` is still there.",
)
def mm_not_summed(A, B):
    return A[:, :, None] * B


@mistake(
    "as_strided_mm",
    zh="结果要与输入的 dtype 相同：`torch.zeros` 造的是 float32。",
    en="The result has the dtype of the inputs: `torch.zeros` makes float32.",
)
def mm_in_float32(A, B):
    return solutions.as_strided_mm(A, B).float()


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


@mistake("conv1d_minimal_simple", **TORCHS_OWN)
def torchs_simple(x, weights):
    return torch.conv1d(x[None, None], weights[None, None])[0, 0]


@mistake("conv1d_minimal_simple", **MEAN)
def simple_mean(x, weights):
    return solutions.conv1d_minimal_simple(x, weights) / len(weights)


@mistake(
    "conv1d_minimal_simple",
    zh="窗口没有重叠：下一个窗口只往前走一个元素。",
    en="These windows don't overlap: the next one starts just one element on.",
)
def windows_side_by_side(x, weights):
    return solutions.conv1d_minimal_simple(x, weights)[:: len(weights)]


@mistake(
    "conv1d_minimal_simple",
    zh="这里没有填充：只算整个落在信号里的窗口。",
    en="There is no padding here: only windows that lie inside the signal as a whole count.",
)
def full_length(x, weights):
    k = len(weights)
    return solutions.conv1d_minimal_simple(F.pad(x, ((k - 1) // 2, k // 2)), weights)


@mistake(
    "conv1d_minimal_simple",
    zh="还没有求和：每个窗口只留一个数。",
    en="Not summed yet: one number is left of each window.",
)
def simple_not_summed(x, weights):
    return x.unfold(0, len(weights), 1) * weights


@mistake(
    "conv1d_minimal_simple",
    zh="求和求错了轴：每个窗口留一个数，不是核的每个位置留一个。",
    en="The sum goes over the wrong axis: one number for each window, not for each place of the kernel.",
)
def simple_summed_over_windows(x, weights):
    return (x.unfold(0, len(weights), 1) * weights).sum(dim=0)


@mistake(
    "conv1d_minimal_simple",
    zh="结果要与输入的 dtype 相同：`torch.zeros` 造的是 float32。",
    en="The result has the dtype of the inputs: `torch.zeros` makes float32.",
)
def simple_in_float32(x, weights):
    return solutions.conv1d_minimal_simple(x, weights).float()


@mistake("conv1d_minimal_simple", **DETACHED)
def simply_detached_signal(x, weights):
    return solutions.conv1d_minimal_simple(x.detach(), weights)


@mistake("conv1d_minimal_simple", **FROM_ZERO)
def simple_of_storage(x, weights):
    k = len(weights)
    return x.as_strided((len(x) - k + 1, k), (x.stride(0), x.stride(0)), 0) @ weights


@mistake(
    "conv1d_minimal_simple",
    zh="多了一个窗口，它伸到了 `x` 之外：个数是 `width - k + 1`。",
    en="There is a window too many, and it reaches beyond `x`: there are `width - k + 1`.",
)
def simple_one_too_many(x, weights):
    k = len(weights)
    return x.as_strided((len(x) - k + 2, k), (x.stride(0), x.stride(0))) @ weights


@mistake("conv1d_minimal", **FLIPPED)
def flipped(x, weights):
    return solutions.conv1d_minimal(x, weights.flip(-1))


@mistake("conv1d_minimal", **FIRST_CHANNEL)
def first_channel(x, weights):
    return solutions.conv1d_minimal(x[:, :1], weights[:, :1])


@mistake(
    "conv1d_minimal",
    zh="`weights` 的前两个轴看反了：先输出通道，后输入通道。",
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


@mistake("conv1d_minimal", **TORCHS_OWN)
def torchs_conv1d(x, weights):
    return torch.conv1d(x, weights)


@mistake("conv1d_minimal", **UNCHECKED)
def conv1d_unchecked(x, weights):
    return torch.einsum("bcik,ock->boi", x.unfold(-1, weights.shape[-1], 1), weights)


@mistake("conv1d_minimal", **DETACHED)
def conv1d_kernel_detached(x, weights):
    return solutions.conv1d_minimal(x, weights.detach())


@mistake("conv1d_minimal", **ONE_SHORT)
def conv1d_one_short(x, weights):
    return solutions.conv1d_minimal(x, weights)[..., :-1]


@mistake(
    "conv1d_minimal",
    zh="对输入通道取了平均：要求和。",
    en="The input channels are averaged: sum over them.",
)
def mean_of_channels(x, weights):
    return solutions.conv1d_minimal(x, weights) / x.shape[1]


@mistake(
    "conv1d_minimal",
    zh="每个输出通道用了同一个核：各有各的。",
    en="Every output channel got the same kernel: each has its own.",
)
def one_kernel_for_all(x, weights):
    return solutions.conv1d_minimal(x, weights[:1].expand_as(weights))


@mistake(
    "conv1d_minimal",
    zh="结果的各轴顺序是 `batch c_out out`，不是 `batch out c_out`。",
    en="The axes of the result are `batch c_out out`, not `batch out c_out`.",
)
def channels_last(x, weights):
    return solutions.conv1d_minimal(x, weights).mT


@mistake(
    "conv1d_minimal",
    zh="结果要与输入的 dtype 相同：`torch.zeros` 造的是 float32。",
    en="The result has the dtype of the inputs: `torch.zeros` makes float32.",
)
def conv1d_in_float32(x, weights):
    return solutions.conv1d_minimal(x, weights).float()


@mistake("conv1d_minimal", **DETACHED)
def conv1d_signal_detached(x, weights):
    return solutions.conv1d_minimal(x.detach(), weights)


@mistake("conv1d_minimal", **FROM_ZERO)
def conv1d_of_storage(x, weights):
    solutions.require_same_channels(x, weights)
    (batch, c_in, width), k = x.shape, weights.shape[-1]
    windows = x.as_strided((batch, c_in, width - k + 1, k), (*x.stride(), x.stride(-1)), 0)
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


@mistake("conv2d_minimal", **TORCHS_OWN)
def torchs_conv2d(x, weights):
    return torch.conv2d(x, weights)


@mistake("conv2d_minimal", **UNCHECKED)
def conv2d_unchecked(x, weights):
    kh, kw = weights.shape[-2:]
    return torch.einsum("bcijhw,ochw->boij", x.unfold(2, kh, 1).unfold(3, kw, 1), weights)


@mistake(
    "conv2d_minimal",
    zh="`weights` 的前两个轴看反了：先输出通道，后输入通道。",
    en="The first two axes of `weights` are confused: output channels come first, input channels second.",
)
def confused_channels_2d(x, weights):
    return solutions.conv2d_minimal(x, weights.transpose(0, 1))


@mistake(
    "conv2d_minimal",
    zh="少了最后一行和最后一列窗口：个数是 `height - kh + 1` 和 `width - kw + 1`。",
    en="The last row and the last column of windows are missing: there are `height - kh + 1` and `width - kw + 1`.",
)
def last_row_and_column(x, weights):
    return solutions.conv2d_minimal(x, weights)[..., :-1, :-1]


@mistake(
    "conv2d_minimal",
    zh="结果的高与宽调换了：先 `out_h`，后 `out_w`。",
    en="Height and width of the result are swapped: `out_h` comes first, then `out_w`.",
)
def result_transposed(x, weights):
    return solutions.conv2d_minimal(x, weights).mT


@mistake(
    "conv2d_minimal",
    zh="对输入通道取了平均：要求和。",
    en="The input channels are averaged: sum over them.",
)
def mean_of_channels_2d(x, weights):
    return solutions.conv2d_minimal(x, weights) / x.shape[1]


@mistake(
    "conv2d_minimal",
    zh="宽的方向也用了核的高：个数是 `width - kw + 1`。",
    en="The kernel's height serves for the width as well: there are `width - kw + 1` windows side by side.",
)
def height_for_the_width(x, weights):
    solutions.require_same_channels(x, weights)
    (batch, c_in, height, width), (kh, kw) = x.shape, weights.shape[-2:]
    size = (batch, c_in, height - kh + 1, width - kh + 1, kh, kw)
    return torch.einsum("bcijhw,ochw->boij", x.as_strided(size, (*x.stride(), *x.stride()[-2:])), weights)


@mistake(
    "conv2d_minimal",
    zh="高的方向也用了核的宽：个数是 `height - kh + 1`。",
    en="The kernel's width serves for the height as well: there are `height - kh + 1` windows one below the other.",
)
def width_for_the_height(x, weights):
    solutions.require_same_channels(x, weights)
    (batch, c_in, height, width), (kh, kw) = x.shape, weights.shape[-2:]
    size = (batch, c_in, height - kw + 1, width - kw + 1, kh, kw)
    return torch.einsum("bcijhw,ochw->boij", x.as_strided(size, (*x.stride(), *x.stride()[-2:])), weights)


@mistake(
    "conv2d_minimal",
    zh="结果要与输入的 dtype 相同：`torch.zeros` 造的是 float32。",
    en="The result has the dtype of the inputs: `torch.zeros` makes float32.",
)
def conv2d_in_float32(x, weights):
    return solutions.conv2d_minimal(x, weights).float()


@mistake("conv2d_minimal", **DETACHED)
def detached_images(x, weights):
    return solutions.conv2d_minimal(x.detach(), weights)


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


@mistake(
    "output_size",
    zh="没有用上 `padding`。",
    en="`padding` is not used.",
)
def padding_unused(size, kernel, stride=1, padding=0):
    return solutions.output_size(size, kernel, stride)


@mistake(
    "output_size",
    zh="没有用上 `stride`。",
    en="`stride` is not used.",
)
def stride_unused(size, kernel, stride=1, padding=0):
    return solutions.output_size(size, kernel, 1, padding)


@mistake(
    "output_size",
    zh="先减去 `kernel`，再除以 `stride`：只有剩下的才一步一步地走。",
    en="Take off `kernel` first, then divide by `stride`: only what is left is walked in steps.",
)
def divided_too_soon(size, kernel, stride=1, padding=0):
    solutions.output_size(size, kernel, stride, padding)
    return (size + 2 * padding) // stride - kernel + 1


@mistake(
    "output_size",
    zh="核与填充后的图一样大时，正好放得下一个：这不是错误。",
    en="A kernel just as large as what it lies on fits once: that is no error.",
)
def must_be_smaller(size, kernel, stride=1, padding=0):
    if size + 2 * padding <= kernel:
        raise ValueError("the kernel is too large")
    return solutions.output_size(size, kernel, stride, padding)


@mistake(
    "output_size",
    zh="判断放不放得下时，要算上填充。",
    en="Whether the kernel fits is asked after the padding, not before.",
)
def asked_before_padding(size, kernel, stride=1, padding=0):
    if kernel > size:
        raise ValueError("the kernel is too large")
    return solutions.output_size(size, kernel, stride, padding)


@mistake(
    "output_size",
    zh="一个窗口也放不下时要报 `ValueError`，不是返回 0。",
    en="Where no window fits, raise `ValueError`; don't return 0.",
)
def none_is_zero(size, kernel, stride=1, padding=0):
    return max(0, (size + 2 * padding - kernel + stride) // stride)


@mistake(
    "output_size",
    zh="`/` 给出小数：用 `//`，它把余数舍去。",
    en="`/` gives a fraction: use `//`, which drops the remainder.",
)
def divided_exactly(size, kernel, stride=1, padding=0):
    solutions.output_size(size, kernel, stride, padding)
    return (size + 2 * padding - kernel) / stride + 1


@mistake(
    "output_size",
    zh="报的错应当是 `ValueError`：`assert` 报的是 `AssertionError`。",
    en="The error wanted is `ValueError`: `assert` raises `AssertionError`.",
)
def asserted(size, kernel, stride=1, padding=0):
    assert size + 2 * padding >= kernel
    return solutions.output_size(size, kernel, stride, padding)


@mistake(
    "output_size",
    zh="`int` 向 0 取整：差一点放不下时，-1/2 成了 0，于是数出一个窗口；用 `//`，或先比较。",
    en="A kernel that is just too large counts as one window, as where `int` makes 0 of -1/2: compare first, then divide with `//`.",
)
def rounded_towards_zero(size, kernel, stride=1, padding=0):
    windows = int((size + 2 * padding - kernel) / stride) + 1
    if windows < 1:
        raise ValueError("the kernel does not fit")
    return windows


@mistake(
    "output_size",
    zh="四舍五入了：余数要舍去，用 `//`。",
    en="It rounds to the nearest: a remainder is dropped, with `//`.",
)
def rounded_to_the_nearest(size, kernel, stride=1, padding=0):
    solutions.output_size(size, kernel, stride, padding)
    return round((size + 2 * padding - kernel) / stride) + 1


@mistake("output_size", zh="没有用上 `kernel`。", en="`kernel` is not used.")
def kernel_unused(size, kernel, stride=1, padding=0):
    solutions.output_size(size, kernel, stride, padding)
    return (size + 2 * padding - 1) // stride + 1


@mistake("pad1d", zh="左右调换了。", en="Left and right have changed places.")
def padded_mirrored(x, left, right, pad_value):
    return solutions.pad1d(x, right, left, pad_value)


@mistake("pad1d", zh="填的总是 0：要填 `pad_value`。", en="It always pads with 0: use `pad_value`.")
def padded_with_zero(x, left, right, pad_value):
    return solutions.pad1d(x, left, right, 0.0)


@mistake(
    "pad1d",
    zh="结果的 dtype 与 `x` 的不同：`torch.full` 不知道它，用 `x.new_full`。",
    en="The dtype isn't that of `x`: `torch.full` doesn't know it, so use `x.new_full`.",
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


@mistake(
    "pad1d",
    zh="每个 0 都换成了 `pad_value`，`x` 自己的 0 也换掉了：先填 `pad_value`，再写入 `x`。",
    en="Every 0 was replaced by `pad_value`, those of `x` as well: fill with `pad_value` first, then write `x`.",
)
def zeros_replaced(x, left, right, pad_value):
    padded = solutions.pad1d(x, left, right, 0.0)
    return torch.where(padded == 0, pad_value, padded)


@mistake(
    "pad1d",
    zh="填的数经过了 float32，精度丢了：用 `x.new_full` 直接按 `x` 的 dtype 造。",
    en="The border went through float32 and lost digits: make it in the dtype of `x` at once, by `x.new_full`.",
)
def border_of_float32(x, left, right, pad_value):
    before, behind = (torch.full((*x.shape[:2], n), float(pad_value)).to(x) for n in (left, right))
    return torch.cat([before, x, behind], dim=-1)


@mistake("pad1d", **DETACHED)
def padded_detached(x, left, right, pad_value):
    return solutions.pad1d(x.detach(), left, right, pad_value)


@mistake("pad1d", **TORCHS_OWN)
def torchs_pad(x, left, right, pad_value):
    return F.pad(x, (left, right), value=pad_value)


@mistake(
    "pad1d",
    zh="两边填了一样多：左边 `left` 个，右边 `right` 个。",
    en="Both sides got the same number: `left` on the left, `right` on the right.",
)
def same_on_both_sides(x, left, right, pad_value):
    return solutions.pad1d(x, left, left, pad_value)


@mistake(
    "pad1d",
    zh="填错了轴：要填的是最后一个轴 `width`，不是通道。",
    en="The wrong axis is padded: it is the last one, `width`, not the channels.",
)
def channels_padded(x, left, right, pad_value):
    return solutions.pad1d(x.mT, left, right, pad_value).mT


@mistake(
    "pad1d",
    zh="`x` 全放在了最左边：前面先留 `left` 个位置。",
    en="`x` was written to the very left: leave `left` places before it.",
)
def all_at_the_right(x, left, right, pad_value):
    return solutions.pad1d(x, 0, left + right, pad_value)


@mistake(
    "pad1d",
    zh="`pad_value` 是整数时，`torch.full` 造的是 int64：用 `x.new_full`，dtype 就总是 `x` 的。",
    en="With an int `pad_value`, `torch.full` makes int64: `x.new_full` has the dtype of `x` always.",
)
def padded_with_integers(x, left, right, pad_value):
    padded = solutions.pad1d(x, left, right, pad_value)
    return padded.long() if isinstance(pad_value, int) else padded


@mistake("pad1d", zh="右边没有填。", en="The right side is not padded.")
def left_side_only(x, left, right, pad_value):
    return solutions.pad1d(x, left, 0, pad_value)


@mistake("pad1d", zh="左边没有填。", en="The left side is not padded.")
def right_side_only(x, left, right, pad_value):
    return solutions.pad1d(x, 0, right, pad_value)


@mistake(
    "pad2d",
    zh="两对参数用错了轴：左右属于宽，上下属于高。",
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
    zh="结果的 dtype 与 `x` 的不同：`torch.full` 不知道它，用 `x.new_full`。",
    en="The dtype isn't that of `x`: `torch.full` doesn't know it, so use `x.new_full`.",
)
def padded_float32_2d(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x.float(), left, right, top, bottom, pad_value)


@mistake("pad2d", **TORCHS_OWN)
def torchs_pad_2d(x, left, right, top, bottom, pad_value):
    return F.pad(x, (left, right, top, bottom), value=pad_value)


@mistake(
    "pad2d",
    zh="每个 0 都换成了 `pad_value`，`x` 自己的 0 也换掉了：先填 `pad_value`，再写入 `x`。",
    en="Every 0 was replaced by `pad_value`, those of `x` as well: fill with `pad_value` first, then write `x`.",
)
def zeros_replaced_2d(x, left, right, top, bottom, pad_value):
    padded = solutions.pad2d(x, left, right, top, bottom, 0.0)
    return torch.where(padded == 0, pad_value, padded)


@mistake(
    "pad2d",
    zh="填的数经过了 float32，精度丢了：用 `x.new_full` 直接按 `x` 的 dtype 造。",
    en="The border went through float32 and lost digits: make it in the dtype of `x` at once, by `x.new_full`.",
)
def border_of_float32_2d(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, left, right, top, bottom, float(torch.tensor(float(pad_value))))


@mistake("pad2d", **DETACHED)
def padded_detached_2d(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x.detach(), left, right, top, bottom, pad_value)


@mistake(
    "pad2d",
    zh="`-right` 或 `-bottom` 在它是 0 时就是开头，切片成了空的：终点写成 `left + width`、`top + height`。",
    en="Where `right` or `bottom` is 0, its negative is the beginning and the slice is empty: end at `left + width` and `top + height`.",
)
def minus_zero_2d(x, left, right, top, bottom, pad_value):
    padded = torch.full_like(solutions.pad2d(x.detach(), left, right, top, bottom, 0.0), pad_value)
    padded[..., top:-bottom, left:-right] = x
    return padded


@mistake(
    "pad2d",
    zh="只填了宽：上下也要填。",
    en="Only the width is padded: the top and the bottom want it too.",
)
def width_only(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, left, right, 0, 0, pad_value)


@mistake("pad2d", zh="上下调换了。", en="Top and bottom have changed places.")
def upside_down(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, left, right, bottom, top, pad_value)


@mistake("pad2d", zh="左右调换了。", en="Left and right have changed places.")
def left_and_right_swapped(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, right, left, top, bottom, pad_value)


@mistake("pad2d", zh="只填了高：左右也要填。", en="Only the height is padded: the left and the right want it too.")
def height_only(x, left, right, top, bottom, pad_value):
    return solutions.pad2d(x, 0, 0, top, bottom, pad_value)


@mistake(
    "pad2d",
    zh="`pad_value` 是整数时，`torch.full` 造的是 int64：用 `x.new_full`，dtype 就总是 `x` 的。",
    en="With an int `pad_value`, `torch.full` makes int64: `x.new_full` has the dtype of `x` always.",
)
def padded_with_integers_2d(x, left, right, top, bottom, pad_value):
    padded = solutions.pad2d(x, left, right, top, bottom, pad_value)
    return padded.long() if isinstance(pad_value, int) else padded


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


@mistake("conv1d", **TORCHS_OWN)
def torchs_conv1d_with_stride(x, weights, stride=1, padding=0):
    return torch.conv1d(x, weights, stride=stride, padding=padding)


@mistake("conv1d", **BEFORE_PADDING)
def conv1d_strides_before_padding(x, weights, stride=1, padding=0):
    solutions.require_same_channels(x, weights)
    (batch, c_in, width), k = x.shape, weights.shape[-1]
    by_batch, by_channel, by_pixel = x.stride()
    out = solutions.output_size(width, k, stride, padding)
    x = solutions.pad1d(x, padding, padding, 0.0) if padding else x
    windows = x.as_strided((batch, c_in, out, k), (by_batch, by_channel, stride * by_pixel, by_pixel))
    return torch.einsum("bcik,ock->boi", windows, weights)


@mistake("conv1d", **FLIPPED)
def conv1d_flipped(x, weights, stride=1, padding=0):
    return solutions.conv1d(x, weights.flip(-1), stride, padding)


@mistake(
    "conv1d",
    zh="填充了结果：要在卷积之前填充 `x`。",
    en="The result is padded: pad `x`, before the convolution.",
)
def result_padded(x, weights, stride=1, padding=0):
    return F.pad(solutions.conv1d(x, weights, stride), (padding, padding))


@mistake(
    "conv1d",
    zh="少了最后一个窗口：用 `output_size` 来数。",
    en="The last window is missing: count with `output_size`.",
)
def conv1d_last_lost(x, weights, stride=1, padding=0):
    return solutions.conv1d(x, weights, stride, padding)[..., :-1]


@mistake("conv1d", **UNCHECKED)
def conv1d_with_stride_unchecked(x, weights, stride=1, padding=0):
    windows = solutions.pad1d(x, padding, padding, 0.0).unfold(-1, weights.shape[-1], stride)
    return torch.einsum("bcik,ock->boi", windows, weights)


@mistake("conv1d", **BEFORE_PADDING)
def conv1d_always_before_padding(x, weights, stride=1, padding=0):
    solutions.require_same_channels(x, weights)
    (batch, c_in, width), k = x.shape, weights.shape[-1]
    by_batch, by_channel, by_pixel = x.stride()
    out = solutions.output_size(width, k, stride, padding)
    x = solutions.pad1d(x, padding, padding, 0.0)
    windows = x.as_strided((batch, c_in, out, k), (by_batch, by_channel, stride * by_pixel, by_pixel))
    return torch.einsum("bcik,ock->boi", windows, weights)


@mistake("conv1d", **DETACHED)
def conv1d_weights_detached(x, weights, stride=1, padding=0):
    return solutions.conv1d(x, weights.detach(), stride, padding)


@mistake(
    "conv1d",
    zh="结果要与输入的 dtype 相同：`torch.zeros` 造的是 float32。",
    en="The result has the dtype of the inputs: `torch.zeros` makes float32.",
)
def conv1d_with_stride_in_float32(x, weights, stride=1, padding=0):
    return solutions.conv1d(x, weights, stride, padding).float()


@mistake(
    "conv1d",
    zh="填充少了一半：两端各填 `padding` 个 0，一共 `2 * padding` 个。",
    en="Half of the padding is missing: put `padding` zeros at either end, `2 * padding` in all.",
)
def padded_at_the_left(x, weights, stride=1, padding=0):
    return solutions.conv1d(F.pad(x, (padding, 0)), weights, stride)


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
    zh="`kh` 和 `kw` 在列里的顺序，与 `weights.flatten` 的不同：并成一个轴时两边要一致。",
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


@mistake("conv2d", **TORCHS_OWN)
def torchs_conv2d_with_stride(x, weights, stride=1, padding=0):
    return torch.conv2d(x, weights, stride=stride, padding=padding)


@mistake("conv2d", zh="没有用上 `stride`。", en="`stride` is not used.")
def conv2d_never_jumps(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights, 1, padding)


@mistake("conv2d", zh="没有用上 `padding`。", en="`padding` is not used.")
def conv2d_never_padded(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights, stride)


@mistake("conv2d", **UNCHECKED)
def conv2d_with_stride_unchecked(x, weights, stride=1, padding=0):
    (stride_h, stride_w), (pad_h, pad_w), (kh, kw) = pair(stride), pair(padding), weights.shape[2:]
    windows = F.pad(x, (pad_w, pad_w, pad_h, pad_h)).unfold(2, kh, stride_h).unfold(3, kw, stride_w)
    return torch.einsum("bcijhw,ochw->boij", windows, weights)


@mistake("conv2d", **BEFORE_PADDING)
def conv2d_strides_before_padding(x, weights, stride=1, padding=0):
    solutions.require_same_channels(x, weights)
    (batch, c_in, height, width), (kh, kw) = x.shape, weights.shape[-2:]
    (step_h, step_w), (pad_h, pad_w) = pair(stride), pair(padding)
    by_batch, by_channel, by_row, by_col = x.stride()
    size = (
        batch,
        c_in,
        *map(solutions.output_size, (height, width), (kh, kw), (step_h, step_w), (pad_h, pad_w)),
        kh,
        kw,
    )
    x = solutions.pad2d(x, pad_w, pad_w, pad_h, pad_h, 0.0) if pad_h or pad_w else x
    windows = x.as_strided(size, (by_batch, by_channel, step_h * by_row, step_w * by_col, by_row, by_col))
    return torch.einsum("bcijhw,ochw->boij", windows, weights)


@mistake(
    "conv2d",
    zh="结果是对的，但对核的每个位置循环了一次：不许循环，用一个视图和一次矩阵乘法。",
    en="The answer is right, but it loops over the places of the kernel: no loops, take one view and one matrix product.",
)
def looped_over_the_kernel(x, weights, stride=1, padding=0):
    right = solutions.conv2d(x, weights, stride, padding)
    for _ in range(weights.shape[-2] * weights.shape[-1]):
        right = right + 0
    return right


@mistake(
    "conv2d",
    zh="结果的高与宽拆反了：先 `out_h`，后 `out_w`。",
    en="Height and width of the result are split in the wrong order: `out_h` comes first, then `out_w`.",
)
def split_the_wrong_way(x, weights, stride=1, padding=0):
    right = solutions.conv2d(x, weights, stride, padding)
    return right.flatten(-2).reshape(right.mT.shape)


@mistake(
    "conv2d",
    zh="列并成了 `(kh kw c_in)`，权重却是 `(c_in kh kw)`：两边的顺序要一致。",
    en="The columns are merged as `(kh kw c_in)`, the weights as `(c_in kh kw)`: both need the same order.",
)
def channels_last_in_the_columns(x, weights, stride=1, padding=0):
    c_out, c_in, kh, kw = weights.shape
    other = weights.reshape(c_out, kh, kw, c_in).permute(0, 3, 1, 2)
    return solutions.conv2d(x, other, stride, padding)


@mistake("conv2d", **DETACHED)
def conv2d_images_detached(x, weights, stride=1, padding=0):
    return solutions.conv2d(x.detach(), weights, stride, padding)


@mistake(
    "conv2d",
    zh="结果要与输入的 dtype 相同：`torch.zeros` 造的是 float32。",
    en="The result has the dtype of the inputs: `torch.zeros` makes float32.",
)
def conv2d_with_stride_in_float32(x, weights, stride=1, padding=0):
    return solutions.conv2d(x, weights, stride, padding).float()


@mistake(
    "max_along",
    zh="`range(kernel - 1)` 少一个：窗口里有 `kernel` 个元素。",
    en="`range(kernel - 1)` is one too few: a window has `kernel` elements.",
)
def last_shift_lost(x, kernel, stride, dim):
    return solutions.max_along(x, kernel, stride, dim) if kernel == 1 else _shifts(x, kernel, stride, dim, kernel - 1)


@mistake("max_along", zh="没有用上 `stride`。", en="`stride` is not used.")
def every_window(x, kernel, stride, dim):
    return solutions.max_along(x, kernel, 1, dim)


@mistake("max_along", zh="总是沿最后一个轴：要沿 `dim`。", en="Always along the last axis: take `dim`.")
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
    "max_along",
    zh="从 0 开始比：全是负数时，0 就赢了；从第一个视图开始。",
    en="The maximum begins at 0, and 0 wins where all are negative: begin with the first view.",
)
def begun_at_zero(x, kernel, stride, dim):
    return solutions.max_along(x, kernel, stride, dim).clamp(min=0)


@mistake(
    "max_along",
    zh="最大值写进了 `x`：视图与 `x` 共用内存，不要用 `out=` 或原地操作。",
    en="The maxima were written into `x`: a view shares its memory, so don't use `out=` or work in place.",
)
def written_into_x(x, kernel, stride, dim):
    best = solutions.max_along(x, kernel, stride, dim)
    with torch.no_grad():
        x.narrow(dim, 0, best.shape[dim]).copy_(best)
    return best


@mistake("max_along", **TORCHS_OWN)
def torchs_pool_along(x, kernel, stride, dim):
    rows = x.movedim(dim, -1)
    flat = rows.reshape(1, -1, rows.shape[-1])
    return (
        F.max_pool1d(flat, kernel, stride)
        .unflatten(1, rows.shape[:-1] or (1,))[0]
        .movedim(-1, dim)
        .reshape(solutions.max_along(x.detach(), kernel, stride, dim).shape)
    )


@mistake(
    "max_along",
    zh="`NaN` 消失了：窗口里有 `NaN`，结果就是 `NaN`；`torch.maximum` 会传下去，`torch.fmax` 不会。",
    en="A `NaN` vanished: a window that holds one gives `NaN`; `torch.maximum` passes it on, `torch.fmax` doesn't.",
)
def nan_swallowed_along(x, kernel, stride, dim):
    return solutions.max_along(x.nan_to_num(nan=-math.inf), kernel, stride, dim)


@mistake("max_along", zh="这是平均，不是最大值。", en="That is the mean, not the maximum.")
def mean_along(x, kernel, stride, dim):
    return x.unfold(dim, kernel, stride).mean(dim=-1)


@mistake(
    "max_along",
    zh="第 $i$ 个视图的起点只挪了 `i` 个地址：要挪 `i * x.stride(dim)`。",
    en="The start of view $i$ moved by `i` addresses only: move it by `i * x.stride(dim)`.",
)
def shifted_by_addresses(x, kernel, stride, dim):
    size, steps = list(x.shape), list(x.stride())
    size[dim] = solutions.output_size(x.shape[dim], kernel, stride)
    steps[dim] *= stride
    return torch.stack([x.as_strided(size, steps, x.storage_offset() + i) for i in range(kernel)]).amax(dim=0)


@mistake(
    "max_along",
    zh="`dim` 是负数时，从末尾数起：`x.shape[dim + 1:]` 这样的切片这时不对，先加上 `x.dim()`。",
    en="A negative `dim` counts from the end, and slices like `x.shape[dim + 1:]` go wrong then: first add `x.dim()`.",
)
def only_counted_from_the_start(x, kernel, stride, dim):
    right = solutions.max_along(x, kernel, stride, dim)
    if dim == -1:
        return x.as_strided((*right.shape, *x.shape), (*[0] * x.dim(), *x.stride()))
    return right


@mistake(
    "max_along",
    zh="`dim` 是负数时出错了：它从末尾数起，-1 是最后一个轴。",
    en="A negative `dim` ends in an error: it counts from the end, and -1 is the last axis.",
)
def no_negative_dim(x, kernel, stride, dim):
    if dim < 0:
        raise IndexError(dim)
    return solutions.max_along(x, kernel, stride, dim)


@mistake(
    "max_along",
    zh="`NaN` 不是窗口里的第一个时丢失了：与它比大小总是 `False`；用 `torch.maximum`，它会把 `NaN` 传下去。",
    en="A `NaN` that isn't first in its window is lost, as `<` and `>` with it are always `False`: `torch.maximum` passes it on.",
)
def nan_passed_over(x, kernel, stride, dim):
    best, *others = x.unfold(dim, kernel, stride).unbind(dim=-1)
    for view in others:
        best = torch.where(view > best, view, best)
    return best


@mistake(
    "max_along",
    zh="`NaN` 是窗口里的第一个时丢失了：与它比大小总是 `False`；用 `torch.maximum`，它会把 `NaN` 传下去。",
    en="A `NaN` that is first in its window is lost, as `<` and `>` with it are always `False`: `torch.maximum` passes it on.",
)
def nan_beaten(x, kernel, stride, dim):
    best, *others = x.unfold(dim, kernel, stride).unbind(dim=-1)
    for view in others:
        best = torch.where(best > view, best, view)
    return best


@mistake("max_along", **DETACHED)
def detached_maximum(x, kernel, stride, dim):
    return solutions.max_along(x.detach(), kernel, stride, dim)


@mistake(
    "max_along",
    zh="比较从一个有限的小数开始（比如 `-1e9`）：它会赢过更小的数；从第一个视图开始。",
    en="The maximum begins at some low number, like `-1e9`, and beats what is still lower: begin with the first view.",
)
def begun_at_a_low_number(x, kernel, stride, dim):
    return solutions.max_along(x, kernel, stride, dim).clamp(min=-1e9)


@mistake(
    "max_along",
    zh="少了最后一个窗口：用 `output_size` 来数。",
    en="The last window is missing: count with `output_size`.",
)
def last_window_of_the_axis(x, kernel, stride, dim):
    right = solutions.max_along(x, kernel, stride, dim)
    return right.narrow(dim, 0, right.shape[dim] - 1)


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
    zh="两个轴都要取最大：只沿宽取还不够。",
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


@mistake(
    "maxpool2d",
    zh="填充的数不够小：`-100` 或 `-1e9` 也会赢过更小的数，用 `-math.inf`。",
    en="What is padded is not low enough: `-100` or `-1e9` beats what is still lower; use `-math.inf`.",
)
def not_low_enough(x, kernel_size, stride=None, padding=0):
    (pad_h, pad_w), step = pair(padding), kernel_size if stride is None else stride
    return solutions.maxpool2d(F.pad(x, (pad_w, pad_w, pad_h, pad_h), value=-100.0), kernel_size, step)


@mistake("maxpool2d", **TORCHS_OWN)
def torchs_pool(x, kernel_size, stride=None, padding=0):
    return F.max_pool2d(x, kernel_size, stride, padding)


@mistake(
    "maxpool2d",
    zh="步幅的一对数里，先高后宽。",
    en="In a pair of strides the height comes first, then the width.",
)
def swapped_pool_stride(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x, kernel_size, swapped(kernel_size if stride is None else stride), padding)


@mistake(
    "maxpool2d",
    zh="填充的一对数里，先高后宽；`pad2d` 的参数却先左右、后上下。",
    en="In a pair of paddings the height comes first; the arguments of `pad2d` begin with left and right.",
)
def swapped_pool_padding(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x, kernel_size, stride, swapped(padding))


@mistake("maxpool2d", zh="没有用上 `padding`。", en="`padding` is not used.")
def pool_never_padded(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x, kernel_size, stride)


@mistake("maxpool2d", zh="这是平均池化，不是最大池化。", en="That is average pooling, not max pooling.")
def average_pool(x, kernel_size, stride=None, padding=0):
    return F.avg_pool2d(x, kernel_size, stride, padding)


@mistake(
    "maxpool2d",
    zh="只用了一对数里的第一个：高与宽各有各的。",
    en="Only the first of a pair is used: height and width have one each.",
)
def pool_first_of_pair(x, kernel_size, stride=None, padding=0):
    stride = kernel_size if stride is None else stride
    return solutions.maxpool2d(x, pair(kernel_size)[0], pair(stride)[0], pair(padding)[0])


@mistake("maxpool2d", **DETACHED)
def pool_detached(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x.detach(), kernel_size, stride, padding)


@mistake(
    "maxpool2d",
    zh="填充的数是 `x.min()`：`x` 里有一个 `NaN`，它就成了 `NaN`，边上的窗口全都变了；用 `-math.inf`。",
    en="What is padded is NaN where `x` holds one, as `x.min()` is, and spoils the windows at the border: use `-math.inf`.",
)
def padded_with_the_minimum(x, kernel_size, stride=None, padding=0):
    (pad_h, pad_w), step = pair(padding), kernel_size if stride is None else stride
    padded = solutions.pad2d(x, pad_w, pad_w, pad_h, pad_h, 0.0)
    if pad_h or pad_w:
        inner = F.pad(torch.ones_like(x), (pad_w, pad_w, pad_h, pad_h)) > 0
        padded = torch.where(inner, padded, x.detach().min())
    return solutions.maxpool2d(padded, kernel_size, step)


@mistake(
    "maxpool2d",
    zh="填充的数不够小：最小的有限数也会赢过 `-inf`，用 `-math.inf`。",
    en="What is padded is not low enough: even the least finite number beats `-inf`; use `-math.inf`.",
)
def padded_with_the_least_number(x, kernel_size, stride=None, padding=0):
    (pad_h, pad_w), step = pair(padding), kernel_size if stride is None else stride
    low = torch.finfo(x.dtype).min
    return solutions.maxpool2d(solutions.pad2d(x, pad_w, pad_w, pad_h, pad_h, low), kernel_size, step)


@mistake(
    "maxpool2d",
    zh="两个轴都要取最大：只沿高取还不够。",
    en="Take the maximum along both axes: the height alone is not enough.",
)
def columns_only(x, kernel_size, stride=None, padding=0):
    step = pair(kernel_size if stride is None else stride)
    return solutions.maxpool2d(x, (pair(kernel_size)[0], 1), step, (pair(padding)[0], 0))


@mistake("maxpool2d", zh="这是最小值。", en="That is the minimum.")
def min_pool(x, kernel_size, stride=None, padding=0):
    return -solutions.maxpool2d(-x, kernel_size, stride, padding)


@mistake("maxpool2d", zh="没有用上 `stride`：给出了就用它。", en="`stride` is not used: where it is given it counts.")
def pool_stride_unused(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x, kernel_size, None, padding)


@mistake(
    "maxpool2d",
    zh="结果要与 `x` 的 dtype 相同：`torch.full` 和 `torch.empty` 造的是 float32。",
    en="The result has the dtype of `x`: `torch.full` and `torch.empty` make float32.",
)
def pool_in_float32(x, kernel_size, stride=None, padding=0):
    return solutions.maxpool2d(x, kernel_size, stride, padding).float()
