"""The wrong answers of day 5's lesson on GANs, each explained in a sentence."""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from coach import mistake
from part5_gans import solutions

# The matrix of a convolution


def matrix_of(kernel, rows, width, step):
    """Each row with the kernel from column `i * step`, as far as it fits."""
    matrix = kernel.new_zeros(rows, width)
    for i in range(rows):
        part = kernel[: max(width - i * step, 0)]
        matrix[i, i * step : i * step + len(part)] = part
    return matrix


@mistake("conv1d_matrix", zh="步幅没有用上：每行只挪了一格。", en="The stride isn't used: each row is moved by one.")
def matrix_without_stride(kernel, width, stride=1):
    return solutions.conv1d_matrix(kernel, width)


@mistake(
    "conv1d_matrix",
    zh="步幅只减少了行数：每行应当挪 `stride` 格。",
    en="The stride only lowers the number of rows: each row moves by `stride` columns.",
)
def matrix_moved_by_one(kernel, width, stride=1):
    return matrix_of(kernel, (width - len(kernel)) // stride + 1, width, 1)


@mistake(
    "conv1d_matrix",
    zh="返回的是它的转置：应当一行一个输出，一列一个输入。",
    en="It returns the transpose: there should be a row for each output, a column for each input.",
)
def matrix_transposed(kernel, width, stride=1):
    return solutions.conv1d_matrix(kernel, width, stride).T


@mistake(
    "conv1d_matrix",
    zh="核翻转了：深度学习里的卷积不翻转。",
    en="The kernel is flipped: a convolution in deep learning doesn't flip.",
)
def matrix_flipped(kernel, width, stride=1):
    return solutions.conv1d_matrix(kernel.flip(0), width, stride)


@mistake(
    "conv1d_matrix",
    zh="少了最后一行：行数是 `(width - k) // stride + 1`。",
    en="The last row is missing: there are `(width - k) // stride + 1` rows.",
)
def matrix_one_row_less(kernel, width, stride=1):
    return solutions.conv1d_matrix(kernel, width, stride)[:-1]


@mistake(
    "conv1d_matrix",
    zh="行太多：核放不下的位置不算，行数是 `(width - k) // stride + 1`。",
    en="Too many rows: places where the kernel doesn't fit don't count; there are `(width - k) // stride + 1`.",
)
def matrix_too_many_rows(kernel, width, stride=1):
    return matrix_of(kernel, -(-width // stride), width, stride)


@mistake(
    "conv1d_matrix",
    zh="核到了边上又从另一边绕回来：放不下的位置不算。",
    en="The kernel wraps around the edge: places where it doesn't fit don't count.",
)
def matrix_wrapping(kernel, width, stride=1):
    row = F.pad(kernel, (0, width - len(kernel)))
    return torch.stack([row.roll(i) for i in range(0, width, stride)])


@mistake(
    "conv1d_matrix",
    zh="dtype 总是 float32：应当与核相同。",
    en="The dtype is always float32: it should be the kernel's.",
)
def matrix_in_float32(kernel, width, stride=1):
    return solutions.conv1d_matrix(kernel, width, stride).float()


@mistake(
    "conv1d_matrix",
    zh="行的顺序反了：第一行里，核应当从第 0 列开始。",
    en="The rows are in reverse: in the first row the kernel begins at column 0.",
)
def matrix_rows_reversed(kernel, width, stride=1):
    return solutions.conv1d_matrix(kernel, width, stride).flip(0)


# Transposed convolution in one dimension


def by_conv1d(x, weights, border, *, flip=True, swap=True):
    if swap:
        weights = weights.transpose(0, 1)
    return F.conv1d(F.pad(x, border), weights.flip(-1) if flip else weights)


@mistake("conv_transpose1d_minimal", zh="核没有翻转。", en="The kernel isn't flipped.")
def minimal_not_flipped(x, weights):
    k = weights.shape[-1]
    return by_conv1d(x, weights, (k - 1, k - 1), flip=False)


@mistake(
    "conv_transpose1d_minimal",
    zh="没有填充：两端各要补 `k - 1` 个 0。",
    en="Nothing is padded: each end needs `k - 1` zeros.",
)
def minimal_not_padded(x, weights):
    return by_conv1d(x, weights, (0, 0))


@mistake(
    "conv_transpose1d_minimal",
    zh="两端各补了 `k` 个 0，多一个。",
    en="Each end is padded with `k` zeros, one too many.",
)
def minimal_padded_by_k(x, weights):
    k = weights.shape[-1]
    return by_conv1d(x, weights, (k, k))


@mistake(
    "conv_transpose1d_minimal",
    zh="只在右端补了 0：左端也要补 `k - 1` 个。",
    en="Only the right end is padded: the left end needs `k - 1` zeros, too.",
)
def minimal_padded_on_the_right(x, weights):
    return by_conv1d(x, weights, (0, weights.shape[-1] - 1))


@mistake(
    "conv_transpose1d_minimal",
    zh="只在左端补了 0：右端也要补 `k - 1` 个。",
    en="Only the left end is padded: the right end needs `k - 1` zeros, too.",
)
def minimal_padded_on_the_left(x, weights):
    return by_conv1d(x, weights, (weights.shape[-1] - 1, 0))


@mistake(
    "conv_transpose1d_minimal",
    zh="权重的前两个轴没有交换：这里是 `c_in c_out k`。",
    en="The first two axes of the weights aren't swapped: here they are `c_in c_out k`.",
)
def minimal_not_swapped(x, weights):
    k = weights.shape[-1]
    return by_conv1d(x, weights, (k - 1, k - 1), swap=False)


@mistake("conv_transpose1d_minimal", zh="翻转的是通道，不是核。", en="Channels are flipped, instead of the kernel.")
def minimal_channels_flipped(x, weights):
    k = weights.shape[-1]
    return by_conv1d(x, weights.flip(0), (k - 1, k - 1), flip=False)


@mistake(
    "conv_transpose1d_minimal",
    zh="调用了 PyTorch 的转置卷积：这里要自己写。",
    en="It calls PyTorch's transposed convolution: here you write that yourself.",
)
def minimal_by_torch(x, weights):
    return torch.conv_transpose1d(x, weights)


@mistake(
    "conv_transpose1d_minimal",
    zh="输入被翻转了：翻转的应当是核。",
    en="The input is flipped: it is the kernel that should be.",
)
def minimal_input_flipped(x, weights):
    k = weights.shape[-1]
    return by_conv1d(x.flip(-1), weights, (k - 1, k - 1), flip=False)


@mistake(
    "conv_transpose1d_minimal",
    zh="梯度断了：结果不再与输入相连。",
    en="Gradients are cut: the result isn't connected with its inputs any more.",
)
def minimal_detached(x, weights):
    return solutions.conv_transpose1d_minimal(x.detach(), weights.detach())


@mistake(
    "fractional_stride_1d",
    zh="最后一个元素之后也补了 0：0 只放在相邻的元素之间。",
    en="Zeros follow the last element as well: they belong between neighbours only.",
)
def spread_with_a_tail(x, stride=1):
    out = x.new_zeros(*x.shape[:-1], x.shape[-1] * stride)
    out[..., ::stride] = x
    return out


@mistake(
    "fractional_stride_1d",
    zh="每两个元素之间放了 `stride` 个 0，多一个。",
    en="There are `stride` zeros between neighbours, one too many.",
)
def spread_by_one_more(x, stride=1):
    return solutions.fractional_stride_1d(x, stride + 1)


@mistake(
    "fractional_stride_1d",
    zh="元素被重复了：空出来的地方应当是 0。",
    en="The elements are repeated: the places in between should be 0.",
)
def spread_by_repeating(x, stride=1):
    return x.repeat_interleave(stride, dim=-1)[..., : (x.shape[-1] - 1) * stride + 1]


@mistake(
    "fractional_stride_1d",
    zh="0 放在了后面，不在元素之间。",
    en="The zeros come after the elements, not between them.",
)
def spread_padded(x, stride=1):
    return F.pad(x, (0, (x.shape[-1] - 1) * (stride - 1)))


@mistake(
    "fractional_stride_1d",
    zh="0 放在了前面，不在元素之间。",
    en="The zeros come before the elements, not between them.",
)
def spread_padded_before(x, stride=1):
    return F.pad(x, ((x.shape[-1] - 1) * (stride - 1), 0))


@mistake("fractional_stride_1d", zh="步幅没有用上。", en="The stride isn't used.")
def spread_not(x, stride=1):
    return x.clone()


@mistake(
    "fractional_stride_1d",
    zh="反过来了：取走了元素，而不是放进 0。",
    en="The reverse: elements are taken out, instead of zeros put in.",
)
def spread_backwards(x, stride=1):
    return x[..., ::stride]


@mistake(
    "fractional_stride_1d",
    zh="dtype 总是 float32：应当与输入相同。",
    en="The dtype is always float32: it should be the input's.",
)
def spread_in_float32(x, stride=1):
    return solutions.fractional_stride_1d(x, stride).float()


@mistake(
    "fractional_stride_1d",
    zh="梯度断了：结果不再与 `x` 相连。",
    en="Gradients are cut: the result isn't connected with `x` any more.",
)
def spread_detached(x, stride=1):
    return solutions.fractional_stride_1d(x.detach(), stride)


@mistake(
    "fractional_stride_1d",
    zh="开头之前也放了 0：0 只放在相邻的元素之间。",
    en="Zeros precede the first element: they belong between neighbours only.",
)
def spread_with_a_head(x, stride=1):
    return F.pad(solutions.fractional_stride_1d(x, stride), (stride - 1, 0))


@mistake(
    "fractional_stride_1d",
    zh="通道那个轴也空开了：只空最后一个轴。",
    en="The axis of channels is spread as well: only the last axis should be.",
)
def spread_over_channels(x, stride=1):
    return solutions.fractional_stride_2d(x[:, None], stride, stride)[:, 0]


def transposed1d(x, weights, stride, padding, *, border=None, **options):
    """With `border` zeros at each end after spreading."""
    k = weights.shape[-1]
    border = k - 1 - padding if border is None else border
    return by_conv1d(solutions.fractional_stride_1d(x, stride), weights, (border, border), **options)


@mistake(
    "conv_transpose1d",
    zh="填充没有用上：输出两端各要少 `padding` 个。",
    en="The padding isn't used: both ends of the output lose `padding` numbers.",
)
def transposed_without_padding(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, 0)


@mistake("conv_transpose1d", zh="步幅没有用上。", en="The stride isn't used.")
def transposed_without_stride(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, 1, padding)


@mistake(
    "conv_transpose1d",
    zh="填充的方向反了：这里它使输出变短，不是变长。",
    en="The padding works the wrong way: here it makes the output shorter, not longer.",
)
def transposed_padding_added(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, -padding)


@mistake(
    "conv_transpose1d",
    zh="两端补的是 `padding` 个 0，像普通卷积那样：这里要补 `k - 1 - padding` 个。",
    en="Both ends are padded with `padding` zeros as for an ordinary convolution: here it takes `k - 1 - padding`.",
)
def transposed_padded_like_a_convolution(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, padding, border=padding)


@mistake(
    "conv_transpose1d",
    zh="步幅用在了卷积上：转置之后，它把输入分开，而卷积的步幅是 1。",
    en="The stride is given to the convolution: transposed, it moves the inputs apart, and the convolution's own stride is 1.",
)
def transposed_stride_of_the_convolution(x, weights, stride=1, padding=0):
    border = weights.shape[-1] - 1 - padding
    return F.conv1d(F.pad(x, (border, border)), weights.transpose(0, 1).flip(-1), stride=stride)


@mistake("conv_transpose1d", zh="核没有翻转。", en="The kernel isn't flipped.")
def transposed_not_flipped(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, padding, flip=False)


@mistake(
    "conv_transpose1d",
    zh="权重的前两个轴没有交换：这里是 `c_in c_out k`。",
    en="The first two axes of the weights aren't swapped: here they are `c_in c_out k`.",
)
def transposed_not_swapped(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, padding, swap=False)


@mistake(
    "conv_transpose1d",
    zh="只切掉了一端：两端各要少 `padding` 个。",
    en="Only one end is cut: both ends lose `padding` numbers.",
)
def transposed_cut_at_one_end(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, 0)[..., padding:]


@mistake(
    "conv_transpose1d",
    zh="切片 `-padding` 在填充为 0 时把输出全切掉了：`-0` 就是开头。",
    en="With a padding of 0 the slice `-padding` cuts everything away: `-0` is the beginning.",
)
def transposed_cut_to_nothing(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, 0)[..., padding:-padding]


@mistake(
    "conv_transpose1d",
    zh="填充在空开之前就补上了：先空开，再补两端。",
    en="Both ends are padded before the spreading: spread first, then pad.",
)
def transposed_padded_first(x, weights, stride=1, padding=0):
    border = weights.shape[-1] - 1 - padding
    return by_conv1d(solutions.fractional_stride_1d(F.pad(x, (border, border)), stride), weights, (0, 0))


@mistake(
    "conv_transpose1d",
    zh="填充乘上了步幅：输出两端各少 `padding` 个，与步幅无关。",
    en="The padding is multiplied by the stride: each end of the output loses `padding` numbers, whatever the stride.",
)
def transposed_padding_times_stride(x, weights, stride=1, padding=0):
    return transposed1d(x, weights, stride, padding * stride)


@mistake(
    "conv_transpose1d",
    zh="调用了 PyTorch 的转置卷积：这里要自己写。",
    en="It calls PyTorch's transposed convolution: here you write that yourself.",
)
def transposed_by_torch(x, weights, stride=1, padding=0):
    return F.conv_transpose1d(x, weights, stride=stride, padding=padding)


@mistake(
    "conv_transpose1d",
    zh="末尾多了 `stride - 1` 个数：最后一个输入之后不空格。",
    en="At the end there are `stride - 1` extra numbers: nothing follows the last input.",
)
def transposed_with_a_tail(x, weights, stride=1, padding=0):
    border = weights.shape[-1] - 1 - padding
    return by_conv1d(spread_with_a_tail(x, stride), weights, (border, border))


# In two dimensions


@mistake(
    "fractional_stride_2d",
    zh="高与宽颠倒了：先高后宽。",
    en="Height and width have changed places: height comes first.",
)
def spread2d_sideways(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x, stride_w, stride_h)


@mistake("fractional_stride_2d", zh="两个方向都用了 `stride_h`。", en="`stride_h` is used in both directions.")
def spread2d_by_height(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x, stride_h, stride_h)


@mistake("fractional_stride_2d", zh="两个方向都用了 `stride_w`。", en="`stride_w` is used in both directions.")
def spread2d_by_width(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x, stride_w, stride_w)


@mistake(
    "fractional_stride_2d",
    zh="只在列之间放了 0，行之间没有。",
    en="Zeros stand between columns only, none between rows.",
)
def spread2d_columns(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x, 1, stride_w)


@mistake(
    "fractional_stride_2d",
    zh="只在行之间放了 0，列之间没有。",
    en="Zeros stand between rows only, none between columns.",
)
def spread2d_rows(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x, stride_h, 1)


@mistake(
    "fractional_stride_2d",
    zh="最后一行、最后一列之后也补了 0。",
    en="Zeros follow the last row and the last column as well.",
)
def spread2d_with_a_tail(x, stride_h, stride_w):
    return F.pad(solutions.fractional_stride_2d(x, stride_h, stride_w), (0, stride_w - 1, 0, stride_h - 1))


@mistake(
    "fractional_stride_2d",
    zh="多放了一行、一列 0：应当是步幅减 1。",
    en="One row and one column of zeros too many: it should be the stride minus 1.",
)
def spread2d_by_one_more(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x, stride_h + 1, stride_w + 1)


@mistake(
    "fractional_stride_2d",
    zh="像素被重复了：空出来的地方应当是 0。",
    en="The pixels are repeated: the places in between should be 0.",
)
def spread2d_by_repeating(x, stride_h, stride_w):
    size = (x.shape[2] - 1) * stride_h + 1, (x.shape[3] - 1) * stride_w + 1
    return x.repeat_interleave(stride_h, 2).repeat_interleave(stride_w, 3)[..., : size[0], : size[1]]


@mistake(
    "fractional_stride_2d",
    zh="dtype 总是 float32：应当与输入相同。",
    en="The dtype is always float32: it should be the input's.",
)
def spread2d_in_float32(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x, stride_h, stride_w).float()


@mistake(
    "fractional_stride_2d",
    zh="梯度断了：结果不再与 `x` 相连。",
    en="Gradients are cut: the result isn't connected with `x` any more.",
)
def spread2d_detached(x, stride_h, stride_w):
    return solutions.fractional_stride_2d(x.detach(), stride_h, stride_w)


def transposed2d(x, weights, stride, padding, *, flip=(-2, -1), swap=True):
    pad_h, pad_w = (k - 1 - p for k, p in zip(weights.shape[-2:], padding, strict=True))
    x = F.pad(solutions.fractional_stride_2d(x, *stride), (pad_w, pad_w, pad_h, pad_h))
    weights = weights.transpose(0, 1) if swap else weights
    return F.conv2d(x, weights.flip(flip) if flip else weights)


def pairs(stride, padding):
    return solutions.pair(stride), solutions.pair(padding)


@mistake("conv_transpose2d", zh="核没有翻转。", en="The kernel isn't flipped.")
def transposed2d_not_flipped(x, weights, stride=1, padding=0):
    return transposed2d(x, weights, *pairs(stride, padding), flip=())


@mistake(
    "conv_transpose2d",
    zh="核只在宽的方向翻转：两个方向都要。",
    en="The kernel is flipped along its width only: it should be in both directions.",
)
def transposed2d_flipped_by_width(x, weights, stride=1, padding=0):
    return transposed2d(x, weights, *pairs(stride, padding), flip=(-1,))


@mistake(
    "conv_transpose2d",
    zh="核只在高的方向翻转：两个方向都要。",
    en="The kernel is flipped along its height only: it should be in both directions.",
)
def transposed2d_flipped_by_height(x, weights, stride=1, padding=0):
    return transposed2d(x, weights, *pairs(stride, padding), flip=(-2,))


@mistake(
    "conv_transpose2d",
    zh="权重的前两个轴没有交换：这里是 `c_in c_out kh kw`。",
    en="The first two axes of the weights aren't swapped: here they are `c_in c_out kh kw`.",
)
def transposed2d_not_swapped(x, weights, stride=1, padding=0):
    return transposed2d(x, weights, *pairs(stride, padding), swap=False)


@mistake(
    "conv_transpose2d",
    zh="高和宽的填充颠倒了：`F.pad` 从最后一个轴说起。",
    en="The paddings of height and width have changed places: `F.pad` begins with the last axis.",
)
def transposed2d_padding_sideways(x, weights, stride=1, padding=0):
    pad_h, pad_w = (k - 1 - p for k, p in zip(weights.shape[-2:], solutions.pair(padding), strict=True))
    x = F.pad(solutions.fractional_stride_2d(x, *solutions.pair(stride)), (pad_h, pad_h, pad_w, pad_w))
    return F.conv2d(x, weights.transpose(0, 1).flip(-2, -1))


@mistake("conv_transpose2d", zh="步幅的高与宽颠倒了。", en="Height and width of the stride have changed places.")
def transposed2d_stride_sideways(x, weights, stride=1, padding=0):
    stride, padding = pairs(stride, padding)
    return transposed2d(x, weights, stride[::-1], padding)


@mistake(
    "conv_transpose2d", zh="`padding` 这一对的高与宽颠倒了。", en="Height and width of `padding` have changed places."
)
def transposed2d_pair_of_padding_sideways(x, weights, stride=1, padding=0):
    stride, padding = pairs(stride, padding)
    return transposed2d(x, weights, stride, padding[::-1])


@mistake(
    "conv_transpose2d",
    zh="填充没有用上：输出每边要少 `padding` 行或列。",
    en="The padding isn't used: each side of the output loses `padding` rows or columns.",
)
def transposed2d_without_padding(x, weights, stride=1, padding=0):
    return transposed2d(x, weights, solutions.pair(stride), (0, 0))


@mistake("conv_transpose2d", zh="步幅没有用上。", en="The stride isn't used.")
def transposed2d_without_stride(x, weights, stride=1, padding=0):
    return transposed2d(x, weights, (1, 1), solutions.pair(padding))


@mistake(
    "conv_transpose2d",
    zh="步幅或填充是一对数时报了错：它们可以是一个数，也可以是 `(height, width)`。",
    en="It fails where stride or padding is a pair: they may be one number, or `(height, width)`.",
)
def transposed2d_numbers_only(x, weights, stride=1, padding=0):
    return transposed2d(x, weights, (stride + 0, stride), (padding + 0, padding))


@mistake(
    "conv_transpose2d",
    zh="步幅或填充是一个数时报了错：它们可以是一个数，也可以是 `(height, width)`。",
    en="It fails where stride or padding is one number: they may be one number, or `(height, width)`.",
)
def transposed2d_pairs_only(x, weights, stride=1, padding=0):
    (sh, sw), (ph, pw) = stride, padding  # type: ignore
    return transposed2d(x, weights, (sh, sw), (ph, pw))


@mistake(
    "conv_transpose2d",
    zh="填充的方向反了：这里它使输出变小，不是变大。",
    en="The padding works the wrong way: here it makes the output smaller, not larger.",
)
def transposed2d_padding_added(x, weights, stride=1, padding=0):
    stride, (pad_h, pad_w) = pairs(stride, padding)
    return transposed2d(x, weights, stride, (-pad_h, -pad_w))


@mistake(
    "conv_transpose2d",
    zh="调用了 PyTorch 的转置卷积：这里要自己写。",
    en="It calls PyTorch's transposed convolution: here you write that yourself.",
)
def transposed2d_by_torch(x, weights, stride=1, padding=0):
    return F.conv_transpose2d(x, weights, stride=stride, padding=padding)


@mistake(
    "conv_transpose2d",
    zh="核的高用在了两个方向的填充上。",
    en="The kernel's height is used for the borders of both directions.",
)
def transposed2d_square_border(x, weights, stride=1, padding=0):
    k, (pad_h, pad_w) = weights.shape[-2], solutions.pair(padding)
    pad_h, pad_w = k - 1 - pad_h, k - 1 - pad_w
    x = F.pad(solutions.fractional_stride_2d(x, *solutions.pair(stride)), (pad_w, pad_w, pad_h, pad_h))
    return F.conv2d(x, weights.transpose(0, 1).flip(-2, -1))


class Layer(solutions.ConvTranspose2d):
    """A layer of transposed convolution whose computation can be changed."""

    def faulty(self, x, **changes):
        options = {"weight": self.weight, "stride": self.stride, "padding": self.padding} | changes
        return F.conv_transpose2d(x, **options)


class Begun(Layer):
    """A layer that begins within `bound(c_in, c_out, area)`."""

    def bound(self, c_in, c_out, area):
        return 1 / math.sqrt(c_out * area)

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        bound = self.bound(in_channels, out_channels, math.prod(solutions.pair(kernel_size)))
        nn.init.uniform_(self.weight, -bound, bound)


@mistake("ConvTranspose2d", zh="`stride` 没有用上。", en="`stride` isn't used.")
class LayerWithoutStride(Layer):
    def forward(self, x):
        return self.faulty(x, stride=1)


@mistake("ConvTranspose2d", zh="`padding` 没有用上。", en="`padding` isn't used.")
class LayerWithoutPadding(Layer):
    def forward(self, x):
        return self.faulty(x, padding=0)


@mistake("ConvTranspose2d", zh="核翻转了。", en="The kernel is flipped.")
class LayerFlipped(Layer):
    def forward(self, x):
        return self.faulty(x, weight=self.weight.flip(2, 3))


@mistake(
    "ConvTranspose2d",
    zh="`weight` 的形状应是 `in_channels out_channels height width`：输入在前。",
    en="`weight` has the shape `in_channels out_channels height width`: inputs come first.",
)
class LayerSwapped(Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(out_channels, in_channels, kernel_size, stride, padding)

    def forward(self, x):
        return self.faulty(x, weight=self.weight.transpose(0, 1))


@mistake("ConvTranspose2d", zh="多了偏置：这里没有偏置。", en="There is a bias: here it should have none.")
class LayerWithBias(solutions.ConvTranspose2d):
    def __init__(self, in_channels, out_channels, *args, **kwargs):
        super().__init__(in_channels, out_channels, *args, **kwargs)
        del self.bias
        self.bias = nn.Parameter(torch.zeros(out_channels))


@mistake(
    "ConvTranspose2d",
    zh="取值范围数的是 `in_channels`：这里 $n$ = `out_channels * height * width`。",
    en="The bound counts `in_channels`: here $n$ = `out_channels * height * width`.",
)
class LayerBoundByInputs(Begun):
    def bound(self, c_in, c_out, area):
        return 1 / math.sqrt(c_in * area)


@mistake(
    "ConvTranspose2d",
    zh="取值范围里漏了核的大小：$n$ = `out_channels * height * width`。",
    en="The bound forgets the kernel's size: $n$ = `out_channels * height * width`.",
)
class LayerBoundByChannels(Begun):
    def bound(self, c_in, c_out, area):
        return 1 / math.sqrt(c_out)


@mistake(
    "ConvTranspose2d",
    zh=r"取值范围漏了根号：是 $\pm 1/\sqrt{n}$。",
    en=r"The bound lacks its root: it is $1/\sqrt{n}$.",
)
class LayerWithoutRoot(Begun):
    def bound(self, c_in, c_out, area):
        return 1 / (c_out * area)


@mistake(
    "ConvTranspose2d",
    zh="初始值取自正态分布：要均匀分布。",
    en="It begins with a normal distribution: a uniform one is wanted.",
)
class LayerNormal(Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        nn.init.normal_(self.weight, std=(3 * self.weight[0].numel()) ** -0.5)


@mistake(
    "ConvTranspose2d",
    zh="初始值都是正的：要从负到正均匀地取。",
    en="All first values are positive: draw evenly on both sides of 0.",
)
class LayerPositive(Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        with torch.no_grad():
            self.weight.abs_()


@mistake(
    "ConvTranspose2d",
    zh="`kernel_size` 是一对数时报了错：它可以是一个数，也可以是 `(height, width)`。",
    en="It fails where `kernel_size` is a pair: it may be one number, or `(height, width)`.",
)
class LayerNumbersOnly(Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        if not isinstance(kernel_size, int):
            raise TypeError(kernel_size)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)


@mistake(
    "ConvTranspose2d", zh="这是普通卷积，不是转置卷积。", en="This is an ordinary convolution, not a transposed one."
)
class LayerOrdinary(Layer):
    def forward(self, x):
        return F.conv2d(x, self.weight.transpose(0, 1), stride=self.stride, padding=self.padding)


@mistake(
    "ConvTranspose2d",
    zh="核的高与宽颠倒了：先高后宽。",
    en="Height and width of the kernel have changed places: height comes first.",
)
class LayerSideways(Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, solutions.pair(kernel_size)[::-1], stride, padding)  # type: ignore


# Activations


class Leaky(nn.Module):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = negative_slope


@mistake("LeakyReLU", zh="斜率没有用上：总是 0.01。", en="The slope isn't used: it is always 0.01.")
class LeakyAlways(Leaky):
    def forward(self, x):
        return torch.where(x > 0, x, 0.01 * x)


@mistake(
    "LeakyReLU",
    zh="这是 ReLU：负数应当乘以 `negative_slope`，不是变成 0。",
    en="This is ReLU: negative numbers should be multiplied by `negative_slope`, not become 0.",
)
class NotLeaky(Leaky):
    def forward(self, x):
        return torch.where(x > 0, x, 0 * x)


@mistake("LeakyReLU", zh="负数的符号变了。", en="Negative numbers change their sign.")
class LeakySign(Leaky):
    def forward(self, x):
        return torch.where(x > 0, x, -self.negative_slope * x)


@mistake("LeakyReLU", zh="条件反了：被乘小的是正数。", en="The condition is reversed: positive numbers are multiplied.")
class LeakyReversed(Leaky):
    def forward(self, x):
        return torch.where(x > 0, self.negative_slope * x, x)


@mistake(
    "LeakyReLU",
    zh="负数都变成了 `-negative_slope` 这个常数：应当与 `x` 相乘。",
    en="Negative numbers become the constant `-negative_slope`: it should be multiplied by `x`.",
)
class LeakyConstant(Leaky):
    def forward(self, x):
        return torch.where(x > 0, x, -self.negative_slope + 0 * x)


@mistake("LeakyReLU", zh="默认的斜率不对：应当是 0.01。", en="The default slope is wrong: it should be 0.01.")
class LeakyDefault(solutions.LeakyReLU):
    def __init__(self, negative_slope=0.2):
        super().__init__(negative_slope)


@mistake("LeakyReLU", zh="就地改动了输入。", en="It changes its input in place.")
class LeakyInPlace(Leaky):
    def forward(self, x):
        with torch.no_grad():
            x[x < 0] *= self.negative_slope
        return x + 0


@mistake(
    "LeakyReLU",
    zh="负数除以了斜率：应当乘。",
    en="Negative numbers are divided by the slope: they should be multiplied.",
)
class LeakyDivided(Leaky):
    def forward(self, x):
        return torch.where(x > 0, x, x / self.negative_slope if self.negative_slope else x)


@mistake(
    "LeakyReLU",
    zh="每个元素都加上了 `negative_slope * x`，正数也变了。",
    en="`negative_slope * x` is added everywhere, so positive numbers change, too.",
)
class LeakyAdded(Leaky):
    def forward(self, x):
        return x.clamp(min=0) + self.negative_slope * x


@mistake(
    "Sigmoid",
    zh="照公式写，指数溢出：$x$ 很小（例如 $-100$）时梯度是 NaN。",
    en="Written like its formula, its power overflows: for $x$ far below 0, such as $-100$, the gradient is NaN.",
)
class SigmoidNaive(nn.Module):
    def forward(self, x):
        return 1 / (1 + torch.exp(-x))


@mistake(
    "Sigmoid", zh="$e^x$ 溢出：$x$ 很大时，值就是 NaN。", en="$e^x$ overflows: for large $x$ the value itself is NaN."
)
class SigmoidOtherFormula(nn.Module):
    def forward(self, x):
        return x.exp() / (1 + x.exp())


@mistake(
    "Sigmoid",
    zh="`torch.where` 选对了值，但没被选中的那一支仍然溢出，梯度是 NaN。",
    en="`torch.where` chooses the right value, but the branch that isn't chosen still overflows, and the gradient is NaN.",
)
class SigmoidByWhere(nn.Module):
    def forward(self, x):
        return torch.where(x >= 0, 1 / (1 + torch.exp(-x)), x.exp() / (1 + x.exp()))


@mistake(
    "Sigmoid",
    zh="在 0 处梯度是 0，应当是 0.25：$|x|$ 在 0 处的斜率在 PyTorch 里是 0。",
    en="At 0 the gradient is 0, where it should be 0.25: in PyTorch the slope of $|x|$ at 0 is 0.",
)
class SigmoidByAbs(nn.Module):
    def forward(self, x):
        e = torch.exp(-x.abs())
        return torch.where(x >= 0, 1 / (1 + e), e / (1 + e))


@mistake("Sigmoid", zh="符号反了：$x$ 越大，值应当越接近 1。", en="The sign is wrong: the larger $x$, the nearer to 1.")
class SigmoidReversed(nn.Module):
    def forward(self, x):
        return solutions.Sigmoid()(-x)


@mistake(
    "Sigmoid",
    zh="截断得太早：离 0 还不够远，值和梯度就不对了。",
    en="It clamps too early: value and gradient are wrong long before the far ends.",
)
class SigmoidClampedEarly(nn.Module):
    def forward(self, x):
        return 1 / (1 + torch.exp(-x.clamp(-2, 2)))


@mistake(
    "Sigmoid",
    zh="少了最后的 `exp`：这是 $\\ln \\sigma(x)$。",
    en="The last `exp` is missing: this is $\\ln \\sigma(x)$.",
)
class SigmoidLog(nn.Module):
    def forward(self, x):
        return -F.softplus(-x)


@mistake(
    "Sigmoid",
    zh="这是 tanh，范围是 $-1$ 到 1：sigmoid 的范围是 0 到 1。",
    en="This is tanh, from $-1$ to 1: the sigmoid goes from 0 to 1.",
)
class SigmoidAsTanh(nn.Module):
    def forward(self, x):
        return 2 * solutions.Sigmoid()(2 * x) - 1


@mistake("Sigmoid", zh="指数里多乘了 2。", en="The exponent has a factor of 2 too many.")
class SigmoidTwiceAsSteep(nn.Module):
    def forward(self, x):
        return solutions.Sigmoid()(2 * x)


@mistake(
    "Sigmoid",
    zh="调用了 PyTorch 的 sigmoid：这里要自己写。",
    en="It calls PyTorch's sigmoid: here you write that yourself.",
)
class SigmoidByTorch(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x)


@mistake("Sigmoid", zh="结果与输入断开了，没有梯度。", en="The result is cut off from its input: no gradient.")
class SigmoidDetached(nn.Module):
    def forward(self, x):
        return solutions.Sigmoid()(x.detach())


@mistake(
    "Tanh",
    zh="照公式写，指数溢出：$x$ 很大时得到 NaN。",
    en="Written like its formula, its powers overflow: for large $x$ it gives NaN.",
)
class TanhNaive(nn.Module):
    def forward(self, x):
        return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


@mistake(
    "Tanh",
    zh="用 $e^{-2x}$ 写的公式溢出：$x$ 很小时梯度是 NaN。",
    en="The formula with $e^{-2x}$ overflows: for $x$ far below 0 it gives a gradient of NaN.",
)
class TanhByNaiveSigmoid(nn.Module):
    def forward(self, x):
        return 2 / (1 + torch.exp(-2 * x)) - 1


@mistake(
    "Tanh",
    zh="少了里面的 2：$\\tanh x = 2\\sigma(2x) - 1$。",
    en="The inner 2 is missing: $\\tanh x = 2\\sigma(2x) - 1$.",
)
class TanhWithoutInnerTwo(nn.Module):
    def forward(self, x):
        return 2 * solutions.Sigmoid()(x) - 1


@mistake("Tanh", zh="少了外面的 2：范围应当是 $-1$ 到 1。", en="The outer 2 is missing: it should go from $-1$ to 1.")
class TanhWithoutOuterTwo(nn.Module):
    def forward(self, x):
        return solutions.Sigmoid()(2 * x) - 1


@mistake("Tanh", zh="少了减 1：0 处的值应当是 0。", en="The minus 1 is missing: at 0 the value should be 0.")
class TanhWithoutShift(nn.Module):
    def forward(self, x):
        return 2 * solutions.Sigmoid()(2 * x)


@mistake("Tanh", zh="这是 sigmoid，范围是 0 到 1。", en="This is the sigmoid, from 0 to 1.")
class TanhAsSigmoid(nn.Module):
    def forward(self, x):
        return solutions.Sigmoid()(x)


@mistake(
    "Tanh",
    zh="在 0 处梯度是 0，应当是 1：$|x|$ 或 `sign` 在 0 处的斜率是 0。",
    en="At 0 the gradient is 0, where it should be 1: the slopes of $|x|$ and `sign` at 0 are 0.",
)
class TanhByAbs(nn.Module):
    def forward(self, x):
        e = torch.exp(-2 * x.abs())
        return x.sign() * (1 - e) / (1 + e)


@mistake("Tanh", zh="符号反了：$x$ 为正，值也为正。", en="The sign is wrong: positive $x$ gives positive values.")
class TanhReversed(nn.Module):
    def forward(self, x):
        return -solutions.Tanh()(x)


@mistake(
    "Tanh",
    zh="截断得太早：离 0 还不够远，值和梯度就不对了。",
    en="It clamps too early: value and gradient are wrong long before the far ends.",
)
class TanhClampedEarly(nn.Module):
    def forward(self, x):
        return solutions.Tanh()(x.clamp(-1, 1))


@mistake(
    "Tanh", zh="调用了 PyTorch 的 tanh：这里要自己写。", en="It calls PyTorch's tanh: here you write that yourself."
)
class TanhByTorch(nn.Module):
    def forward(self, x):
        return torch.tanh(x)


@mistake("Tanh", zh="结果与输入断开了，没有梯度。", en="The result is cut off from its input: no gradient.")
class TanhDetached(nn.Module):
    def forward(self, x):
        return solutions.Tanh()(x.detach())


# Networks


class Growing(nn.Module):
    """A generator out of PyTorch's modules, with parts to change."""

    kernel, stride, padding, bias = 4, 2, 1, False
    project_bias = False

    def __init__(self, latent_dim, img_size, img_channels, hidden_channels):
        super().__init__()
        widths = self.widths(list(hidden_channels), img_channels)
        size = img_size // 2 ** len(hidden_channels)
        self.project = nn.Linear(latent_dim, widths[0] * size * size, bias=self.project_bias)
        self.first = (widths[0], size, size)
        layers = self.start(widths[0])
        steps = list(pairwise(widths))
        for i, (a, b) in enumerate(steps):
            layers.append(nn.ConvTranspose2d(a, b, self.kernel, self.stride, self.padding, bias=self.bias))
            layers += self.between(b) if i < len(steps) - 1 else self.end(b)
        self.grow = nn.Sequential(*layers)

    def widths(self, hidden, img_channels):
        return [*hidden[::-1], img_channels]

    def start(self, c) -> list[nn.Module]:
        return [nn.BatchNorm2d(c), nn.ReLU()]

    def between(self, c) -> list[nn.Module]:
        return [nn.BatchNorm2d(c), nn.ReLU()]

    def end(self, c) -> list[nn.Module]:
        return [nn.Tanh()]

    def forward(self, z):
        return self.grow(self.project(z).reshape(-1, *self.first))


@mistake(
    "Generator",
    zh="最后的 tanh 前面有批归一化：最后一个转置卷积后面只有 tanh。",
    en="A batch norm stands before the last tanh: after the last transposed convolution comes tanh only.",
)
class NormedAtTheEnd(Growing):
    def end(self, c):
        return [nn.BatchNorm2d(c), nn.Tanh()]


@mistake(
    "Generator",
    zh="最后是 sigmoid：像素从 $-1$ 到 1，要用 tanh。",
    en="It ends in a sigmoid: pixels go from $-1$ to 1, so it is tanh.",
)
class EndsInSigmoid(Growing):
    def end(self, c):
        return [nn.Sigmoid()]


@mistake("Generator", zh="最后没有 tanh。", en="There is no tanh at the end.")
class EndsInNothing(Growing):
    def end(self, c):
        return []


@mistake(
    "Generator",
    zh="最后的 tanh 前面还有 ReLU：一半的像素值画不出来。",
    en="A ReLU stands before the last tanh: half of all pixel values can't be drawn.",
)
class ReluAtTheEnd(Growing):
    def end(self, c):
        return [nn.ReLU(), nn.Tanh()]


@mistake("Generator", zh="线性层后面没有批归一化。", en="There is no batch norm after the linear layer.")
class StartsWithoutNorm(Growing):
    def start(self, c):
        return [nn.ReLU()]


@mistake("Generator", zh="线性层的批归一化后面没有 ReLU。", en="There is no ReLU after the first batch norm.")
class StartsWithoutRelu(Growing):
    def start(self, c):
        return [nn.BatchNorm2d(c)]


@mistake("Generator", zh="转置卷积之间没有批归一化。", en="There is no batch norm between the transposed convolutions.")
class GrowsWithoutNorm(Growing):
    def between(self, c):
        return [nn.ReLU()]


@mistake("Generator", zh="转置卷积之间没有 ReLU。", en="There is no ReLU between the transposed convolutions.")
class GrowsWithoutRelu(Growing):
    def between(self, c):
        return [nn.BatchNorm2d(c)]


@mistake(
    "Generator",
    zh="转置卷积之间用了 LeakyReLU：生成器里是 ReLU。",
    en="LeakyReLU stands between the transposed convolutions: in the generator it is ReLU.",
)
class GrowsLeaky(Growing):
    def between(self, c):
        return [nn.BatchNorm2d(c), nn.LeakyReLU(0.2)]


@mistake(
    "Generator",
    zh="ReLU 在批归一化前面：先批归一化，再 ReLU。",
    en="ReLU comes before batch norm: batch norm first, then ReLU.",
)
class GrowsReluFirst(Growing):
    def between(self, c):
        return [nn.ReLU(), nn.BatchNorm2d(c)]


@mistake(
    "Generator",
    zh="`hidden_channels` 没有倒过来：它从图的一边数起，生成器从最后一个走起。",
    en="`hidden_channels` isn't reversed: it counts from the picture's side, and the generator begins with its last.",
)
class NotReversed(Growing):
    def widths(self, hidden, img_channels):
        return [*hidden, img_channels]


@mistake(
    "Generator",
    zh="线性层多了偏置：后面是批归一化，这里没有偏置。",
    en="The linear layer has a bias: a batch norm follows, so there is none.",
)
class ProjectsWithBias(Growing):
    project_bias = True


@mistake("Generator", zh="转置卷积多了偏置。", en="The transposed convolutions have a bias: here there is none.")
class GrowsWithBias(Growing):
    bias = True


@mistake(
    "Generator",
    zh="核、步幅、填充不对：是 4、2、1；这里用了核 2、步幅 2、不填充。",
    en="Kernel, stride and padding are wrong: they are 4, 2 and 1, not 2, 2 and 0.",
)
class SmallKernels(Growing):
    kernel, padding = 2, 0


@mistake(
    "Generator",
    zh="凭通道数认最后一层：中间有一层的通道数与图的相同时，它后面也只有 tanh；要凭它是第几个。",
    en="It tells the last layer by its number of channels: where one in between has as many as the picture, that one, too, is followed by tanh alone; go by its place.",
)
class EndsByWidth(Growing):
    def __init__(self, latent_dim, img_size, img_channels, hidden_channels):
        self.last = img_channels
        super().__init__(latent_dim, img_size, img_channels, hidden_channels)

    def between(self, c):
        return super().between(c) if c != self.last else self.end(c)


@mistake(
    "Generator",
    zh="`hidden_channels` 这个列表被就地倒过来了：传进来的东西不许改。",
    en="The list `hidden_channels` is reversed in place: what is given must not change.",
)
class ReversesInPlace(solutions.Generator):
    def __init__(self, latent_dim, img_size, img_channels, hidden_channels):
        super().__init__(latent_dim, img_size, img_channels, tuple(hidden_channels))
        if isinstance(hidden_channels, list):
            hidden_channels.reverse()


@mistake(
    "Generator",
    zh="变形时通道和像素弄混了：先通道，再高和宽。",
    en="The reshape mixes up channels and pixels: channels come first, then height and width.",
)
class ChannelsLast(Growing):
    def forward(self, z):
        c, h, w = self.first
        return self.grow(self.project(z).reshape(-1, h, w, c).permute(0, 3, 1, 2))


class Shrinking(nn.Module):
    """A discriminator out of PyTorch's modules, with parts to change."""

    slope, bias, head_bias, norms = 0.2, False, True, "rest"

    def __init__(self, img_size, img_channels, hidden_channels):
        super().__init__()
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(pairwise([img_channels, *self.order(list(hidden_channels))])):
            layers.append(nn.Conv2d(a, b, 4, 2, 1, bias=self.bias))
            layers += self.behind(b, normed=self.norms == "all" or (self.norms == "rest" and i > 0))
        size = img_size // 2 ** len(hidden_channels)
        layers += [nn.Flatten(), nn.Linear(b * size * size, 1, bias=self.head_bias)]
        self.net = nn.Sequential(*layers)

    def order(self, hidden):
        return hidden

    def behind(self, c, normed) -> list[nn.Module]:
        return [*([nn.BatchNorm2d(c)] if normed else []), nn.LeakyReLU(self.slope)]

    def forward(self, x):
        return self.net(x).flatten()


@mistake(
    "Discriminator",
    zh="第一层也有批归一化：紧挨着像素的那层没有。",
    en="The first layer has a batch norm as well: beside the pixels there is none.",
)
class NormsAll(Shrinking):
    norms = "all"


@mistake(
    "Discriminator",
    zh="没有批归一化：除第一层外，每个卷积后面都有。",
    en="There is no batch norm: there should be one after each convolution but the first.",
)
class NormsNone(Shrinking):
    norms = "none"


@mistake(
    "Discriminator",
    zh="凭通道数认第一层：后面有一层的通道数与 `hidden_channels[0]` 相同时，那层也少了批归一化；要凭它是第几个。",
    en="It tells the first layer by its number of channels: where a later layer has as many as `hidden_channels[0]`, that has no batch norm either; go by its place.",
)
class NormsByWidth(Shrinking):
    def __init__(self, img_size, img_channels, hidden_channels):
        self.unnormed = hidden_channels[0]
        super().__init__(img_size, img_channels, hidden_channels)

    def behind(self, c, normed):
        return super().behind(c, c != self.unnormed)


@mistake(
    "Discriminator",
    zh="LeakyReLU 的斜率用了默认的 0.01：这里是 0.2。",
    en="LeakyReLU has its default slope of 0.01: here it is 0.2.",
)
class SlopeByDefault(Shrinking):
    slope = 0.01


@mistake(
    "Discriminator",
    zh="用了 ReLU：判别器里是斜率 0.2 的 LeakyReLU。",
    en="It uses ReLU: in the discriminator it is LeakyReLU with slope 0.2.",
)
class ShrinksByRelu(Shrinking):
    slope = 0.0


@mistake(
    "Discriminator",
    zh="返回了概率：要的是分数，不经过 sigmoid。",
    en="It returns probabilities: wanted are scores, not passed through a sigmoid.",
)
class EndsInProbability(Shrinking):
    def forward(self, x):
        return torch.sigmoid(super().forward(x))


@mistake(
    "Discriminator",
    zh="形状是 `batch 1`：要的是一串分数，形状 `batch`。",
    en="The shape is `batch 1`: wanted is a row of scores of shape `batch`.",
)
class KeepsTheAxis(Shrinking):
    def forward(self, x):
        return self.net(x)


@mistake(
    "Discriminator",
    zh="只有一张图时，`squeeze()` 把批次那个轴也去掉了。",
    en="With a single picture `squeeze()` takes the axis of the batch away as well.",
)
class SqueezesAll(Shrinking):
    def forward(self, x):
        return self.net(x).squeeze()


@mistake("Discriminator", zh="卷积多了偏置。", en="The convolutions have a bias: here there is none.")
class ShrinksWithBias(Shrinking):
    bias = True


@mistake("Discriminator", zh="最后的线性层没有偏置：这里有。", en="The last linear layer has no bias: here it has one.")
class HeadWithoutBias(Shrinking):
    head_bias = False


@mistake(
    "Discriminator",
    zh="`hidden_channels` 倒过来了：判别器从图的一边走起，不用倒。",
    en="`hidden_channels` is reversed: the discriminator begins at the picture's side, in the order given.",
)
class ShrinksReversed(Shrinking):
    def order(self, hidden):
        return hidden[::-1]


@mistake(
    "Discriminator",
    zh="LeakyReLU 在批归一化前面：先批归一化，再 LeakyReLU。",
    en="LeakyReLU comes before batch norm: batch norm first, then LeakyReLU.",
)
class LeakyFirst(Shrinking):
    def behind(self, c, normed):
        return super().behind(c, normed)[::-1]


@mistake(
    "Discriminator",
    zh="分数的符号反了：图越真，分数应当越高。",
    en="The score has the wrong sign: the more real a picture, the higher it should be.",
)
class SignReversed(Shrinking):
    def forward(self, x):
        return -super().forward(x)


@mistake("Discriminator", zh="卷积后面没有激活函数。", en="There is no activation after the convolutions.")
class ShrinksLinearly(Shrinking):
    slope = 1.0


# First values


def begin(model, *, weight=(0.0, 0.02), norm=(1.0, 0.02), skip=(), bias: float | None = 0.0, draw=nn.init.normal_):
    """Draws by mean and standard deviation; types in `skip` stay as they are."""
    for layer in model.modules():
        if isinstance(layer, skip):
            continue
        if isinstance(layer, (*solutions.WEIGHTED, *solutions.NORMS)):
            draw(layer.weight, *(norm if isinstance(layer, solutions.NORMS) else weight))
            if bias is not None and layer.bias is not None:
                nn.init.constant_(layer.bias, bias)


@mistake(
    "initialize_weights",
    zh="批归一化的 `weight` 均值是 0：应当是 1，否则开头它把一切都乘成几乎 0。",
    en="The `weight` of batch norms has mean 0: it should be 1, or at first everything is multiplied to nearly 0.",
)
def norms_around_zero(model):
    begin(model, norm=(0.0, 0.02))


@mistake("initialize_weights", zh="批归一化没有初始化。", en="Batch norms aren't initialised.")
def norms_left(model):
    begin(model, skip=solutions.NORMS)


@mistake(
    "initialize_weights",
    zh="批归一化的 `weight` 恰好都是 1：应当是标准差 0.02 的正态分布。",
    en="The `weight` of batch norms is exactly 1: it should be normal with standard deviation 0.02.",
)
def norms_exactly_one(model):
    begin(model, norm=(1.0, 0.0))


@mistake("initialize_weights", zh="转置卷积没有初始化。", en="Transposed convolutions aren't initialised.")
def transposed_left(model):
    begin(model, skip=(solutions.ConvTranspose2d, nn.ConvTranspose2d))


@mistake("initialize_weights", zh="线性层没有初始化。", en="Linear layers aren't initialised.")
def linear_left(model):
    begin(model, skip=(solutions.Linear, nn.Linear))


@mistake("initialize_weights", zh="普通卷积没有初始化。", en="Ordinary convolutions aren't initialised.")
def convolutions_left(model):
    begin(model, skip=(solutions.Conv2d, nn.Conv2d))


@mistake("initialize_weights", zh="`bias` 没有设为 0。", en="`bias` isn't set to 0.")
def biases_left(model):
    begin(model, bias=None)


@mistake("initialize_weights", zh="标准差是 0.2：应当是 0.02。", en="The standard deviation is 0.2: it should be 0.02.")
def ten_times_as_wide(model):
    begin(model, weight=(0.0, 0.2), norm=(1.0, 0.2))


@mistake(
    "initialize_weights",
    zh="0.02 被当成了方差：它是标准差。",
    en="0.02 is taken for the variance: it is the standard deviation.",
)
def variance_for_deviation(model):
    begin(model, weight=(0.0, math.sqrt(0.02)), norm=(1.0, math.sqrt(0.02)))


@mistake(
    "initialize_weights",
    zh="取自均匀分布：要正态分布。",
    en="It draws from a uniform distribution: a normal one is wanted.",
)
def evenly(model):
    def draw(weight, mean, std):
        return nn.init.uniform_(weight, mean - std * math.sqrt(3), mean + std * math.sqrt(3))

    begin(model, draw=draw)


@mistake(
    "initialize_weights",
    zh="只管了最外面一层：`model.modules()` 会走进里面。",
    en="Only the outermost layers are done: `model.modules()` goes inside.",
)
def outermost_only(model):
    for layer in model.children():
        if isinstance(layer, (*solutions.WEIGHTED, *solutions.NORMS)):
            begin(layer)


@mistake(
    "initialize_weights",
    zh="凡有 `weight` 的层都改了：别种层（层归一化、嵌入）应当不动。",
    en="Every layer with a `weight` is changed: other types (layer norm, embedding) stay as they are.",
)
def all_layers(model):
    begin(model)
    for layer in model.modules():
        if isinstance(layer, nn.LayerNorm | nn.Embedding | nn.PReLU):
            nn.init.normal_(layer.weight, 0, 0.02)


@mistake(
    "initialize_weights",
    zh="参数被换成了新的对象：优化器手里的还是旧的。",
    en="Parameters are exchanged for new objects: an optimiser would still hold the old ones.",
)
def new_parameters(model):
    for layer in model.modules():
        if isinstance(layer, (*solutions.WEIGHTED, *solutions.NORMS)):
            asks = layer.weight.requires_grad
            mean = float(isinstance(layer, solutions.NORMS))
            layer.weight = nn.Parameter(torch.empty_like(layer.weight).normal_(mean, 0.02), asks)
            if layer.bias is not None:
                layer.bias = nn.Parameter(torch.zeros_like(layer.bias))  # type: ignore


@mistake(
    "initialize_weights",
    zh="每个参数只抽了一个数：每个元素应当各自抽取。",
    en="Only one number is drawn for each parameter: each entry should be drawn on its own.",
)
def one_number_each(model):
    begin(model, draw=lambda w, mean, std: nn.init.constant_(w, mean + std * torch.randn(()).item()))


@mistake(
    "initialize_weights",
    zh="批归一化的运行统计量也改了：缓冲区应当不动。",
    en="The running statistics of batch norms change as well: buffers stay as they are.",
)
def statistics_reset(model):
    begin(model)
    for layer in model.modules():
        if isinstance(layer, solutions.NORMS):
            layer.running_mean.zero_()  # type: ignore
            layer.running_var.fill_(1)  # type: ignore


@mistake(
    "initialize_weights",
    zh="里面设定了种子：每次都抽出同样的数。",
    en="A seed is set inside: the same numbers are drawn each time.",
)
def seeded(model):
    torch.manual_seed(0)
    begin(model)


# Both networks


class Pair(nn.Module):
    """A DCGAN with parts to change."""

    def __init__(self, latent_dim=32, img_size=8, img_channels=1, hidden_channels=(64, 128)):
        super().__init__()
        self.latent_dim = latent_dim
        self.generator = solutions.Generator(latent_dim, img_size, img_channels, hidden_channels)
        self.discriminator = solutions.Discriminator(img_size, img_channels, hidden_channels)
        self.begin()

    def begin(self):
        solutions.initialize_weights(self)

    def sample(self, n):
        return self.generator(torch.randn(n, self.latent_dim))


@mistake("DCGAN", zh="没有按表初始化。", en="It isn't initialised by the table.")
class NotInitialised(Pair):
    def begin(self):
        pass


@mistake("DCGAN", zh="只初始化了生成器。", en="Only the generator is initialised.")
class GeneratorInitialised(Pair):
    def begin(self):
        solutions.initialize_weights(self.generator)


@mistake("DCGAN", zh="只初始化了判别器。", en="Only the discriminator is initialised.")
class DiscriminatorInitialised(Pair):
    def begin(self):
        solutions.initialize_weights(self.discriminator)


@mistake(
    "DCGAN",
    zh="`sample` 关掉了梯度：造假者就训练不了了。",
    en="`sample` switches gradients off: then the forger can't be trained.",
)
class SamplesWithoutGradients(Pair):
    @torch.no_grad()
    def sample(self, n):
        return super().sample(n)


@mistake(
    "DCGAN",
    zh="噪声取自 0 到 1 的均匀分布：要标准正态分布。",
    en="The noise is uniform from 0 to 1: it should be standard normal.",
)
class UniformNoise(Pair):
    def sample(self, n):
        return self.generator(torch.rand(n, self.latent_dim))


@mistake(
    "DCGAN",
    zh="每次的噪声都一样（只抽了一次，或者里面设定了种子）：每次都要新的。",
    en="The noise is the same each time (drawn once, or a seed is set inside): it should be fresh.",
)
class NoiseKept(Pair):
    kept: torch.Tensor | None = None

    def sample(self, n):
        if self.kept is None or len(self.kept) != n:
            self.kept = torch.randn(n, self.latent_dim)
        return self.generator(self.kept)


@mistake("DCGAN", zh="一批里每张用的是同一份噪声。", en="All pictures of a batch get the same noise.")
class OneNoiseForAll(Pair):
    def sample(self, n):
        return self.generator(torch.randn(1, self.latent_dim).expand(n, -1))


@mistake(
    "DCGAN",
    zh="`sample` 把网络切到了 eval 模式：不要换模式。",
    en="`sample` puts the network into eval mode: it shouldn't change the mode.",
)
class SamplesInEval(Pair):
    def sample(self, n):
        self.eval()
        return super().sample(n)


@mistake(
    "DCGAN",
    zh="噪声只有 -1 和 1 两种值：要标准正态分布。",
    en="The noise has the values -1 and 1 only: it should be standard normal.",
)
class SignsForNoise(Pair):
    def sample(self, n):
        return self.generator(torch.randn(n, self.latent_dim).sign())


@mistake(
    "DCGAN", zh="参数被忽略了：总是造默认的大小。", en="The arguments are ignored: it always has the default sizes."
)
class DefaultsOnly(Pair):
    def __init__(self, latent_dim=32, img_size=8, img_channels=1, hidden_channels=(64, 128)):
        super().__init__()


@mistake("DCGAN", zh="标准差太小：噪声也被乘了 0.02。", en="The noise is too small, as if it were multiplied by 0.02.")
class SmallNoise(Pair):
    def sample(self, n):
        return self.generator(0.02 * torch.randn(n, self.latent_dim))


# Steps of training


def expert(discriminator, optimizer, real_term, fake_term, *, step=True, zero="before"):
    """One step on these two losses."""
    loss = real_term() + fake_term()
    if zero == "before":
        optimizer.zero_grad()
    loss.backward()
    if zero == "after":
        optimizer.zero_grad()
    if step:
        optimizer.step()
    return loss.item()


def on_real(discriminator, real):
    return lambda: F.softplus(-discriminator(real)).mean()


def on_fake(discriminator, fake):
    return lambda: F.softplus(discriminator(fake.detach())).mean()


@mistake(
    "training_step_discriminator",
    zh="没有 `detach`：鉴定师的损失把梯度写进了生成器，也用掉了假图的计算图。",
    en="`detach` is missing: the expert's loss writes gradients into the generator, and uses up the graph of the fakes.",
)
def not_detached(discriminator, optimizer, real, fake):
    return expert(
        discriminator, optimizer, on_real(discriminator, real), lambda: F.softplus(discriminator(fake)).mean()
    )


@mistake(
    "training_step_discriminator",
    zh="没有 `detach`，只留住了计算图（`retain_graph`）：梯度仍写进了生成器。",
    en="Instead of `detach` the graph is retained: gradients are still written into the generator.",
)
def graph_retained(discriminator, optimizer, real, fake):
    loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()
    return loss.item()


@mistake(
    "training_step_discriminator",
    zh="`backward` 之前没有把旧梯度清零。",
    en="Old gradients aren't set to zero before `backward`.",
)
def expert_not_zeroed(discriminator, optimizer, real, fake):
    return expert(discriminator, optimizer, on_real(discriminator, real), on_fake(discriminator, fake), zero="never")


@mistake(
    "training_step_discriminator",
    zh="判别器没有动：少了 `optimizer.step()`，或者在 `backward` 之后才清零，梯度没了。",
    en="The discriminator doesn't move: `optimizer.step()` is missing, or gradients are set to zero only after `backward`.",
)
def expert_zeroed_late(discriminator, optimizer, real, fake):
    return expert(discriminator, optimizer, on_real(discriminator, real), on_fake(discriminator, fake), zero="after")


@mistake(
    "training_step_discriminator",
    zh="真假颠倒了：真图的分数被压低，假图的被抬高。",
    en="Real and fake have changed places: scores of real pictures are pushed down, those of fakes up.",
)
def expert_reversed(discriminator, optimizer, real, fake):
    return expert(discriminator, optimizer, on_fake(discriminator, real), on_real(discriminator, fake.detach()))


@mistake(
    "training_step_discriminator",
    zh="只看了真图：假图的那一项没有算。",
    en="It looks at real pictures only: the term of the fakes is missing.",
)
def expert_real_only(discriminator, optimizer, real, fake):
    return expert(discriminator, optimizer, on_real(discriminator, real), lambda: 0)


@mistake(
    "training_step_discriminator",
    zh="只看了假图：真图的那一项没有算。",
    en="It looks at fakes only: the term of the real pictures is missing.",
)
def expert_fake_only(discriminator, optimizer, real, fake):
    return expert(discriminator, optimizer, lambda: 0, on_fake(discriminator, fake))


@mistake(
    "training_step_discriminator", zh="两项被平均了：要的是和。", en="The two terms are averaged: wanted is their sum."
)
def expert_halved(discriminator, optimizer, real, fake):
    half = lambda term: lambda: term() / 2  # noqa: E731
    return expert(discriminator, optimizer, half(on_real(discriminator, real)), half(on_fake(discriminator, fake)))


@mistake(
    "training_step_discriminator",
    zh="每项对一批求了和：要的是平均。",
    en="Each term is summed over its batch: wanted is the mean.",
)
def expert_summed(discriminator, optimizer, real, fake):
    real_term = lambda: F.softplus(-discriminator(real)).sum()  # noqa: E731
    return expert(discriminator, optimizer, real_term, lambda: F.softplus(discriminator(fake.detach())).sum())


@mistake(
    "training_step_discriminator",
    zh="真图和假图拼成了一批：批归一化把两种混在一起求平均。",
    en="Real and fake pictures are joined in one batch: batch norm averages over both kinds.",
)
def expert_joined(discriminator, optimizer, real, fake):
    scores = discriminator(torch.cat([real, fake.detach()]))
    loss = F.softplus(-scores[: len(real)]).mean() + F.softplus(scores[len(real) :]).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "training_step_discriminator",
    zh="先求 sigmoid，再求对数：分数很大时损失是无穷或 NaN。",
    en="It takes the logarithm of a sigmoid: with large scores the loss is infinite, or NaN.",
)
def expert_by_probabilities(discriminator, optimizer, real, fake):
    real_term = lambda: -discriminator(real).sigmoid().log().mean()  # noqa: E731
    return expert(
        discriminator, optimizer, real_term, lambda: -(1 - discriminator(fake.detach()).sigmoid()).log().mean()
    )


@mistake(
    "training_step_discriminator",
    zh="对数里加了一个小数来躲开无穷：分数很大时，损失和梯度都不对。",
    en="A small number is added inside the logarithm to avoid infinity: with large scores loss and gradient are wrong.",
)
def expert_with_epsilon(discriminator, optimizer, real, fake):
    real_term = lambda: -(discriminator(real).sigmoid() + 1e-8).log().mean()  # noqa: E731
    return expert(
        discriminator, optimizer, real_term, lambda: -(1 - discriminator(fake.detach()).sigmoid() + 1e-8).log().mean()
    )


@mistake(
    "training_step_discriminator",
    zh="返回的是更新之后的损失：要的是更新之前的。",
    en="It returns the loss after the step: wanted is the one before.",
)
def expert_after(discriminator, optimizer, real, fake):
    expert(discriminator, optimizer, on_real(discriminator, real), on_fake(discriminator, fake))
    with torch.no_grad():
        return (on_real(discriminator, real)() + on_fake(discriminator, fake)()).item()


@mistake("training_step_discriminator", zh="没有返回损失。", en="The loss isn't returned.")
def expert_silent(discriminator, optimizer, real, fake):
    expert(discriminator, optimizer, on_real(discriminator, real), on_fake(discriminator, fake))


@mistake(
    "training_step_discriminator",
    zh="损失的符号反了：它让判别器越来越分不清。",
    en="The loss has the wrong sign: the discriminator gets worse with each step.",
)
def expert_upwards(discriminator, optimizer, real, fake):
    minus = lambda term: lambda: -term()  # noqa: E731
    return expert(discriminator, optimizer, minus(on_real(discriminator, real)), minus(on_fake(discriminator, fake)))


@mistake(
    "training_step_discriminator",
    zh="分数当成概率，用了平方误差：要的是交叉熵。",
    en="It takes squared errors of the scores: wanted is the cross-entropy.",
)
def expert_by_squares(discriminator, optimizer, real, fake):
    real_term = lambda: (discriminator(real) - 1).square().mean()  # noqa: E731
    return expert(discriminator, optimizer, real_term, lambda: discriminator(fake.detach()).square().mean())


def forger(optimizer, loss, *, step=True, zero="before"):
    if zero == "before":
        optimizer.zero_grad()
    if loss.requires_grad:
        loss.backward()
    if zero == "after":
        optimizer.zero_grad()
    if step:
        optimizer.step()
    return loss.item()


@mistake(
    "training_step_generator",
    zh=r"用了会饱和的 $\ln(1 - D)$：一眼看穿时几乎没有梯度。",
    en=r"It uses $\ln(1 - D)$, which saturates: there is hardly a gradient when fakes are easy to see.",
)
def saturating(discriminator, optimizer, fake):
    return forger(optimizer, -F.softplus(discriminator(fake)).mean())


@mistake(
    "training_step_generator",
    zh="生成器没有动：这里用了 `detach`，或者少了 `optimizer.step()`，或者在 `backward` 之后才清零。",
    en="The generator doesn't move: a `detach` cuts its gradients off, `optimizer.step()` is missing, or gradients are set to zero only after `backward`.",
)
def forger_detached(discriminator, optimizer, fake):
    return forger(optimizer, F.softplus(-discriminator(fake.detach())).mean())


@mistake(
    "training_step_generator",
    zh="目标反了：它让判别器更容易认出假图。",
    en="The aim is reversed: it makes fakes easier to recognise.",
)
def forger_reversed(discriminator, optimizer, fake):
    return forger(optimizer, F.softplus(discriminator(fake)).mean())


@mistake(
    "training_step_generator",
    zh="`backward` 之前没有把旧梯度清零。",
    en="Old gradients aren't set to zero before `backward`.",
)
def forger_not_zeroed(discriminator, optimizer, fake):
    return forger(optimizer, F.softplus(-discriminator(fake)).mean(), zero="never")


@mistake("training_step_generator", zh="对一批求了和：要的是平均。", en="It sums over the batch: wanted is the mean.")
def forger_summed(discriminator, optimizer, fake):
    return forger(optimizer, F.softplus(-discriminator(fake)).sum())


@mistake(
    "training_step_generator",
    zh="先求 sigmoid，再求对数：分数很大时损失是无穷或 NaN。",
    en="It takes the logarithm of a sigmoid: with large scores the loss is infinite, or NaN.",
)
def forger_by_probabilities(discriminator, optimizer, fake):
    return forger(optimizer, -discriminator(fake).sigmoid().log().mean())


@mistake(
    "training_step_generator",
    zh="对数里加了一个小数来躲开无穷：分数很大时，损失和梯度都不对。",
    en="A small number is added inside the logarithm to avoid infinity: with large scores loss and gradient are wrong.",
)
def forger_with_epsilon(discriminator, optimizer, fake):
    return forger(optimizer, -(discriminator(fake).sigmoid() + 1e-8).log().mean())


@mistake(
    "training_step_generator",
    zh="判别器的参数也更新了：这一步只动生成器。",
    en="The parameters of the discriminator are updated as well: this step moves the generator only.",
)
def forger_moves_both(discriminator, optimizer, fake):
    discriminator.zero_grad()
    loss = forger(optimizer, F.softplus(-discriminator(fake)).mean())
    with torch.no_grad():
        for p in discriminator.parameters():
            if p.grad is not None:
                p -= 0.3 * p.grad
    return loss


@mistake(
    "training_step_generator",
    zh="判别器被冻结以后没有恢复：它的 `requires_grad` 变了。",
    en="The discriminator stays frozen: its `requires_grad` has changed.",
)
def forger_leaves_it_frozen(discriminator, optimizer, fake):
    discriminator.requires_grad_(False)
    return forger(optimizer, F.softplus(-discriminator(fake)).mean())


@mistake(
    "training_step_generator",
    zh="直接最大化分数，没有取对数：要的是 $-\\ln D$。",
    en="It maximises the score itself, without the logarithm: wanted is $-\\ln D$.",
)
def forger_by_scores(discriminator, optimizer, fake):
    return forger(optimizer, -discriminator(fake).mean())


@mistake("training_step_generator", zh="没有返回损失。", en="The loss isn't returned.")
def forger_silent(discriminator, optimizer, fake):
    forger(optimizer, F.softplus(-discriminator(fake)).mean())


@mistake(
    "training_step_generator",
    zh="在 `no_grad` 里算了分数：没有梯度到达生成器。",
    en="The scores are computed under `no_grad`: no gradient reaches the generator, and `backward` fails.",
)
def forger_without_gradients(discriminator, optimizer, fake):
    optimizer.zero_grad()
    with torch.no_grad():
        loss = F.softplus(-discriminator(fake)).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


# The whole training


def training(
    args, look, *, seed: bool | str = True, shuffle="each", drop_last=False, betas=None, lr=None, first=1, train_mode=True,
    fake="same", noise="fresh", steps="both", swap=False, gan_look=True, every="epoch", shared=False, mean=False,
    epochs=None, forger_first=False,
):  # fmt: skip
    """`train_gan` with a choice of faults."""
    if seed:
        torch.manual_seed(args.seed if seed is True else 0)
    images = args.images
    gan = solutions.DCGAN(args.latent_dim, images.shape[-1], images.shape[1], args.hidden_channels)
    d, g = gan.discriminator, gan.generator
    parameters = (gan.parameters(), gan.parameters()) if shared else (d.parameters(), g.parameters())
    opt_d, opt_g = (torch.optim.Adam(p, args.lr if lr is None else lr, betas or args.betas) for p in parameters)
    losses, order, z = [], torch.randperm(len(images)), None
    for epoch in range(first, first + (epochs or args.epochs)):
        if train_mode:
            gan.train()
        if shuffle != "once":
            order = torch.randperm(len(images)) if shuffle == "each" else torch.arange(len(images))
        of_epoch = []
        for chosen in order.split(args.batch_size):
            if drop_last and len(chosen) < args.batch_size:
                continue
            n = args.batch_size if noise == "full" else len(chosen)
            if noise == "kept":
                z = torch.randn(args.batch_size, args.latent_dim) if z is None else z
                drawn = g(z[:n])
            else:
                drawn = gan.sample(n)
            if noise == "no_grad":
                drawn = drawn.detach()
            loss_g = solutions.training_step_generator(d, opt_g, drawn) if forger_first else 0.0
            loss_d = solutions.training_step_discriminator(d, opt_d, images[chosen], drawn) if steps != "g" else 0.0
            again = gan.sample(n) if fake == "new" else drawn
            if forger_first:
                pass
            elif steps != "d" and again.requires_grad:
                loss_g = solutions.training_step_generator(d, opt_g, again)
            elif steps != "d":
                loss_g = F.softplus(-d(again)).mean().item()
            of_epoch.append((loss_g, loss_d) if swap else (loss_d, loss_g))
            if every == "batch" and look is not None:
                look(epoch, gan)
        losses += [tuple(sum(v) / len(of_epoch) for v in zip(*of_epoch, strict=True))] if mean else of_epoch
        if every == "epoch" and look is not None:
            look(epoch, gan if gan_look else g)
    return gan, losses


@mistake(
    "train_gan",
    zh="没有设定种子：同样的 `args` 给出不同的损失。",
    en="No seed is set: the same `args` give different losses each time.",
)
def training_unseeded(args, look=None):
    return training(args, look, seed=False)


@mistake("train_gan", zh="种子是写死的：`args.seed` 没有用上。", en="The seed is fixed: `args.seed` isn't used.")
def training_with_a_fixed_seed(args, look=None):
    return training(args, look, seed="fixed")


@mistake(
    "train_gan",
    zh="就地打乱了 `args.images`：传入的数据不许改，否则同样的 `args` 再来一次，损失也不同；打乱下标就行。",
    en="It shuffles `args.images` in place: what is passed in must not change, or the same `args` give other losses next time; shuffle indices.",
)
def training_shuffling_in_place(args, look=None):
    trained = training(args, look)
    args.images[:] = args.images[torch.randperm(len(args.images))]
    return trained


@mistake(
    "train_gan",
    zh="没有打乱：每一轮都按原来的顺序。",
    en="Nothing is shuffled: each epoch runs in the order of the data.",
)
def training_in_order(args, look=None):
    return training(args, look, shuffle="never")


@mistake(
    "train_gan",
    zh="只打乱了一次：每一轮都要重新打乱。",
    en="It shuffles once only: each epoch should be shuffled anew.",
)
def training_shuffled_once(args, look=None):
    return training(args, look, shuffle="once")


@mistake("train_gan", zh="最后不满的一批没有用。", en="The last smaller batch isn't used.")
def training_dropping_the_last(args, look=None):
    return training(args, look, drop_last=True)


@mistake(
    "train_gan",
    zh="`betas` 没有用上：Adam 用的是默认的 (0.9, 0.999)。",
    en="`betas` isn't used: Adam has its default, (0.9, 0.999).",
)
def training_with_default_betas(args, look=None):
    return training(args, look, betas=(0.9, 0.999))


@mistake(
    "train_gan",
    zh="`lr` 没有用上：Adam 的学习率不是 `args.lr`。",
    en="`lr` isn't used: the learning rate of Adam isn't `args.lr`.",
)
def training_with_another_rate(args, look=None):
    return training(args, look, lr=2e-4)


@mistake(
    "train_gan",
    zh="轮次从 0 数起：`look` 收到的应当从 1 数起。",
    en="Epochs are counted from 0: for `look` they count from 1.",
)
def training_counting_from_zero(args, look=None):
    return training(args, look, first=0)


@mistake(
    "train_gan",
    zh="`look` 换了模式之后没有切回 train。",
    en="After `look` has changed the mode, it isn't switched back to train.",
)
def training_in_the_mode_left(args, look=None):
    return training(args, look, train_mode=False)


@mistake(
    "train_gan",
    zh="两步用了不同的假图：造假者的一步应当用同一批。",
    en="The two steps use different fakes: the forger's step should use the same.",
)
def training_with_new_fakes(args, look=None):
    return training(args, look, fake="new")


@mistake(
    "train_gan", zh="噪声只抽了一次：每一批都要新的。", en="The noise is drawn once: each batch needs fresh noise."
)
def training_on_one_noise(args, look=None):
    return training(args, look, noise="kept")


@mistake(
    "train_gan",
    zh="假图总是 `batch_size` 张：最后一批应当与真图一样多。",
    en="There are always `batch_size` fakes: in the last batch there should be as many as real pictures.",
)
def training_with_full_batches_of_fakes(args, look=None):
    return training(args, look, noise="full")


@mistake(
    "train_gan",
    zh="假图与生成器断开了（例如画在 `no_grad` 里）：生成器学不到东西。",
    en="The fakes are cut off from the generator (drawn under `no_grad`, say): it learns nothing.",
)
def training_without_the_generator(args, look=None):
    return training(args, look, noise="no_grad")


@mistake("train_gan", zh="只训练了鉴定师，造假者没有走。", en="Only the expert is trained, the forger takes no step.")
def training_the_expert_only(args, look=None):
    return training(args, look, steps="d")


@mistake("train_gan", zh="只训练了造假者，鉴定师没有走。", en="Only the forger is trained, the expert takes no step.")
def training_the_forger_only(args, look=None):
    return training(args, look, steps="g")


@mistake(
    "train_gan", zh="两个损失颠倒了：鉴定师的在前。", en="The two losses have changed places: the expert's comes first."
)
def training_with_losses_swapped(args, look=None):
    return training(args, look, swap=True)


@mistake(
    "train_gan",
    zh="`look` 收到的是生成器：应当是整个 `gan`。",
    en="`look` gets the generator: it should be the whole `gan`.",
)
def training_showing_the_generator(args, look=None):
    class Shown(nn.Module):
        def __init__(self, gan):
            super().__init__()
            self.generator, self.discriminator = gan.generator, gan.discriminator

    return training(args, look and (lambda epoch, gan: look(epoch, Shown(gan))))


@mistake("train_gan", zh="`look` 没有被调用。", en="`look` is never called.")
def training_unseen(args, look=None):
    return training(args, None)


@mistake(
    "train_gan",
    zh="`look` 在每一批之后都被调用：应当每轮一次。",
    en="`look` is called after each batch: it should be once for each epoch.",
)
def training_looked_at_each_batch(args, look=None):
    return training(args, look, every="batch")


@mistake(
    "train_gan",
    zh="`look` 是 `None` 时报了错：这时不调用它。",
    en="It fails where `look` is `None`: then it isn't called.",
)
def training_needing_look(args, look=None):
    return training(args, lambda epoch, gan: look(epoch, gan))  # type: ignore


@mistake(
    "train_gan",
    zh="每一轮只记了一对平均损失：每一步都要记一对。",
    en="Only one pair of mean losses is noted for each epoch: there should be one for each step.",
)
def training_with_mean_losses(args, look=None):
    return training(args, look, mean=True)


@mistake(
    "train_gan",
    zh="两个优化器都管着两个网络的参数：应当各管一个，否则每一步两个网络都会动。",
    en="Both optimisers hold the parameters of both networks: each should have its own, or each step moves both.",
)
def training_with_shared_optimizers(args, look=None):
    return training(args, look, shared=True)


@mistake("train_gan", zh="少训练了一轮。", en="It trains for one epoch less.")
def training_one_epoch_less(args, look=None):
    return training(args, look, epochs=max(args.epochs - 1, 1))


@mistake(
    "train_gan",
    zh="返回的顺序反了：先 `gan`，后损失。",
    en="The results have changed places: first `gan`, then the losses.",
)
def training_returned_backwards(args, look=None):
    return training(args, look)[::-1]


# The report


@mistake(
    "judge_samples",
    zh="数的是出现过的类：只算份额（个数除以总数）至少 `at_least` 的。",
    en="It counts all classes that occur: only those whose share (their count over the total) is at least `at_least` count.",
)
def all_that_occur(classes, probs, n_classes=10, at_least=0.02):
    return len(classes.unique()), probs.mean().item()


@mistake(
    "judge_samples",
    zh="正好占 `at_least` 的类没有算：它也算。",
    en="A class with exactly the share `at_least` is left out: it counts.",
)
def strictly_more(classes, probs, n_classes=10, at_least=0.02):
    return int((classes.bincount() / len(classes) > at_least).sum()), probs.mean().item()


@mistake(
    "judge_samples",
    zh="返回了份额：覆盖度是类的个数（整数）。",
    en="It returns a share: coverage is a number of classes (an integer).",
)
def coverage_as_a_share(classes, probs, n_classes=10, at_least=0.02):
    found, confidence = solutions.judge_samples(classes, probs, n_classes, at_least)
    return found / n_classes, confidence


@mistake(
    "judge_samples",
    zh="除以了类的个数：份额是个数除以样本总数。",
    en="It divides by the number of classes: a share is a count over the number of samples.",
)
def shares_by_classes(classes, probs, n_classes=10, at_least=0.02):
    return int((classes.bincount(minlength=n_classes) / n_classes >= at_least).sum()), probs.mean().item()


@mistake("judge_samples", zh="把握取了最大值：要的是平均。", en="It takes the largest probability: wanted is the mean.")
def largest_confidence(classes, probs, n_classes=10, at_least=0.02):
    return solutions.judge_samples(classes, probs, n_classes, at_least)[0], probs.max().item()


@mistake(
    "judge_samples",
    zh="把握取了中位数：要的是平均。",
    en="It takes the median of the probabilities: wanted is the mean.",
)
def median_confidence(classes, probs, n_classes=10, at_least=0.02):
    return solutions.judge_samples(classes, probs, n_classes, at_least)[0], probs.quantile(0.5).item()


@mistake(
    "judge_samples",
    zh="返回的顺序反了：先覆盖度，后把握。",
    en="The results have changed places: first coverage, then confidence.",
)
def report_backwards(classes, probs, n_classes=10, at_least=0.02):
    return solutions.judge_samples(classes, probs, n_classes, at_least)[::-1]


@mistake("judge_samples", zh="`at_least` 没有用上：总是 0.02。", en="`at_least` isn't used: it is always 0.02.")
def always_two_percent(classes, probs, n_classes=10, at_least=0.02):
    return solutions.judge_samples(classes, probs, n_classes)


@mistake(
    "judge_samples",
    zh="返回的是份额最大的类，不是类的个数。",
    en="It returns the most common class, not how many classes there are.",
)
def most_common(classes, probs, n_classes=10, at_least=0.02):
    return int(classes.bincount(minlength=n_classes).argmax()), probs.mean().item()


@mistake(
    "judge_samples",
    zh="把概率加了起来：要除以样本数。",
    en="The probabilities are added up: divide by the number of samples.",
)
def summed_confidence(classes, probs, n_classes=10, at_least=0.02):
    return solutions.judge_samples(classes, probs, n_classes, at_least)[0], probs.sum().item()


@mistake(
    "judge_samples",
    zh="份额向下取整了：整数除法把小于 1 的份额变成 0。",
    en="Shares are rounded down: integer division makes any share below 1 a 0.",
)
def integer_shares(classes, probs, n_classes=10, at_least=0.02):
    return int((classes.bincount(minlength=n_classes) // len(classes) >= at_least).sum()), probs.mean().item()


# More of every kind


@mistake(
    "conv1d_matrix",
    zh="行数向上取整：多出一行，里面的核放不下。",
    en="The number of rows is rounded up: one more, whose kernel doesn't fit.",
)
def matrix_rounded_up(kernel, width, stride=1):
    return matrix_of(kernel, -(-(width - len(kernel)) // stride) + 1, width, stride)


@mistake(
    "conv_transpose1d_minimal",
    zh="用 `reshape` 代替了交换两个通道轴：形状对，权重乱了。",
    en="It reshapes the weights where two channel axes should be swapped: the shape is right, the order isn't.",
)
def minimal_reshaped(x, weights):
    c_in, c_out, k = weights.shape
    return F.conv1d(F.pad(x, (k - 1, k - 1)), weights.flip(-1).reshape(c_out, c_in, k))


@mistake(
    "conv_transpose1d_minimal",
    zh="连输入通道也翻转了：只翻转核。",
    en="The input channels are flipped as well: flip the kernel only.",
)
def minimal_inputs_flipped(x, weights):
    return solutions.conv_transpose1d_minimal(x, weights.flip(0))


@mistake(
    "conv_transpose1d_minimal",
    zh="连输出通道也翻转了：只翻转核。",
    en="The output channels are flipped as well: flip the kernel only.",
)
def minimal_outputs_flipped(x, weights):
    return solutions.conv_transpose1d_minimal(x, weights.flip(1))


@mistake(
    "fractional_stride_1d",
    zh="用 `[: -(stride - 1)]` 切尾：`stride` 是 1 时什么也不剩。",
    en="It cuts by `[: -(stride - 1)]`, which leaves nothing where `stride` is 1.",
)
def spread_cut_to_nothing(x, stride=1):
    spread = x.new_zeros(*x.shape, stride)
    spread[..., 0] = x
    return spread.flatten(-2)[..., : -(stride - 1)]


@mistake(
    "conv_transpose1d",
    zh="填充全从右端去掉：两端要各去掉 `padding` 个。",
    en="All of the padding is cut off the right end: cut `padding` off each end.",
)
def transposed_all_cut_on_the_right(x, weights, stride=1, padding=0):
    full = solutions.conv_transpose1d(x, weights, stride)
    return full[..., : full.shape[-1] - 2 * padding]


@mistake(
    "conv_transpose1d",
    zh="填充全从左端去掉：两端要各去掉 `padding` 个。",
    en="All of the padding is cut off the left end: cut `padding` off each end.",
)
def transposed_all_cut_on_the_left(x, weights, stride=1, padding=0):
    return solutions.conv_transpose1d(x, weights, stride)[..., 2 * padding :]


@mistake(
    "conv_transpose1d",
    zh="填充是从输入上去掉的：要从输出上去掉。",
    en="The padding is taken off the input: take it off the output.",
)
def transposed_input_cut(x, weights, stride=1, padding=0):
    return solutions.conv_transpose1d(x[..., padding : x.shape[-1] - padding], weights, stride)


@mistake(
    "fractional_stride_2d",
    zh="最后一行下面也放了 0：外面不放。",
    en="There are zeros below the last row as well: none outside.",
)
def spread2d_below(x, stride_h, stride_w):
    return F.pad(solutions.fractional_stride_2d(x, stride_h, stride_w), (0, 0, 0, stride_h - 1))


@mistake(
    "fractional_stride_2d",
    zh="最后一列右边也放了 0：外面不放。",
    en="There are zeros right of the last column as well: none outside.",
)
def spread2d_beyond(x, stride_h, stride_w):
    return F.pad(solutions.fractional_stride_2d(x, stride_h, stride_w), (0, stride_w - 1, 0, 0))


@mistake(
    "fractional_stride_2d",
    zh="结果的宽是按高算的：只对方的输入才对。",
    en="The width of the result is counted from the height: right for square inputs only.",
)
def spread2d_square(x, stride_h, stride_w):
    height = x.shape[-2]
    spread = x.new_zeros(*x.shape[:2], (height - 1) * stride_h + 1, (height - 1) * stride_w + 1)
    spread[..., ::stride_h, ::stride_w] = x
    return spread


@mistake(
    "conv_transpose2d",
    zh="核转了 90 度：要转 180 度。",
    en="The kernel is turned by 90 degrees: it should be 180.",
)
def transposed2d_quarter_turn(x, weights, stride=1, padding=0):
    return solutions.conv_transpose2d(x, weights.rot90(1, (-2, -1)).flip(-2, -1), stride, padding)


@mistake(
    "conv_transpose2d",
    zh="一对数只用了第一个：高和宽用了同一个步幅、同一个填充。",
    en="Of a pair only the first is used: height and width get the same stride and padding.",
)
def transposed2d_first_of_pairs(x, weights, stride=1, padding=0):
    (stride_h, _), (pad_h, _) = pairs(stride, padding)
    return F.conv2d(
        F.pad(
            solutions.fractional_stride_2d(x, stride_h, stride_h),
            [weights.shape[-1] - 1 - pad_h] * 2 + [weights.shape[-2] - 1 - pad_h] * 2,
        ),
        weights.transpose(0, 1).flip(-2, -1),
    )


@mistake(
    "ConvTranspose2d",
    zh="取值范围里高乘了两次，宽没有用上：核不方就错。",
    en="The bound takes the kernel's height twice and not its width: wrong for kernels that aren't square.",
)
class LayerBoundSquare(Layer):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        bound = 1 / math.sqrt(out_channels * solutions.pair(kernel_size)[0] ** 2)
        nn.init.uniform_(self.weight, -bound, bound)


@mistake(
    "ConvTranspose2d",
    zh="造层时设定了种子：每一层都从同样的值开始。",
    en="It sets the seed when a layer is made: all layers begin with the same values.",
)
class LayerSeeded(solutions.ConvTranspose2d):
    def __init__(self, *args, **kwargs):
        torch.manual_seed(0)
        super().__init__(*args, **kwargs)


@mistake(
    "LeakyReLU",
    zh="斜率总是 0.2：参数没有用上。",
    en="The slope is always 0.2: the argument isn't used.",
)
class LeakyFifth(solutions.LeakyReLU):
    def __init__(self, negative_slope=0.01):
        super().__init__(0.2)


@mistake(
    "LeakyReLU",
    zh="负的一边值对，却不求梯度：斜率成了 0。",
    en="On the negative side the value is right, but it carries no gradient: its slope is 0.",
)
class LeakyCutOff(solutions.LeakyReLU):
    def forward(self, x):
        return torch.where(x > 0, x, self.negative_slope * x.detach())


@mistake(
    "Sigmoid",
    zh="用 `nan_to_num` 只补了值：梯度仍是 NaN。",
    en="`nan_to_num` fixes the value only: the gradient is still NaN.",
)
class SigmoidRepaired(nn.Module):
    def forward(self, x):
        return (x.exp() / (1 + x.exp())).nan_to_num(nan=1.0)


@mistake(
    "Tanh",
    zh="$e^{-2x}$ 在 $-1000$ 处溢出：值成了 NaN。",
    en="$e^{-2x}$ overflows at $-1000$: the value is NaN.",
)
class TanhOfOneSide(nn.Module):
    def forward(self, x):
        power = (-2 * x).exp()
        return (1 - power) / (1 + power)


@mistake(
    "training_step_discriminator",
    zh="走了两步：真图一步，假图又一步；要对和走一步。",
    en="It takes two steps, one for real and one for fake: take one for their sum.",
)
def expert_in_two_steps(discriminator, optimizer, real, fake):
    total = 0.0
    for score in (lambda: -discriminator(real), lambda: discriminator(fake.detach())):
        loss = F.softplus(score()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total


@mistake(
    "training_step_discriminator",
    zh="对所有分数一起求平均，再乘 2：两批不一样大时，大的那批算得多。",
    en="It averages all scores together, times 2: where batches differ in size, the larger counts more.",
)
def expert_by_size(discriminator, optimizer, real, fake):
    scores = torch.cat([F.softplus(-discriminator(real)), F.softplus(discriminator(fake.detach()))])
    loss = 2 * scores.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "training_step_discriminator",
    zh="用 `detach_()` 就地断开了假图：造假者的那一步再也到不了生成器。",
    en="`detach_()` cuts the fakes off in place: the forger's step no longer reaches the generator.",
)
def expert_cuts_in_place(discriminator, optimizer, real, fake):
    return solutions.training_step_discriminator(discriminator, optimizer, real, fake.detach_())


@mistake(
    "training_step_discriminator",
    zh="用概率的交叉熵：分数很大时，每一项最多只算到 100。",
    en="It uses the cross-entropy of probabilities, which counts no more than 100 for each where scores are large.",
)
def expert_capped(discriminator, optimizer, real, fake):
    p, q = discriminator(real).sigmoid(), discriminator(fake.detach()).sigmoid()
    loss = F.binary_cross_entropy(p, torch.ones_like(p)) + F.binary_cross_entropy(q, torch.zeros_like(q))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    "training_step_generator",
    zh="之后把判别器的参数全部打开：原来冻结的也变了。",
    en="Afterwards all parameters of the discriminator are switched on, also those that were frozen before.",
)
def forger_unfreezes(discriminator, optimizer, fake):
    discriminator.requires_grad_(False)
    loss = solutions.training_step_generator(discriminator, optimizer, fake)
    discriminator.requires_grad_(True)
    return loss


@mistake(
    "judge_samples",
    zh="返回了张量：要一个整数和一个 `float`。",
    en="It returns tensors: wanted are an integer and a `float`.",
)
def report_of_tensors(classes, probs, n_classes=10, at_least=0.02):
    return (classes.bincount(minlength=n_classes) / len(classes) >= at_least).sum(), probs.mean()


@mistake(
    "judge_samples",
    zh="至少要几张，向下取整了：半张也算够。",
    en="How many samples are enough is rounded down to whole ones.",
)
def enough_rounded_down(classes, probs, n_classes=10, at_least=0.02):
    enough = int(at_least * len(classes))
    return int((classes.bincount(minlength=n_classes) >= enough).sum()), probs.mean().item()


@mistake(
    "judge_samples",
    zh="把握只对够份额的类求平均：要对全部样本。",
    en="Confidence is averaged over samples of the classes that count: take all samples.",
)
def confidence_of_the_covered(classes, probs, n_classes=10, at_least=0.02):
    covered = classes.bincount(minlength=n_classes) / len(classes) >= at_least
    return int(covered.sum()), probs[covered[classes]].mean().item()


@mistake(
    "judge_samples",
    zh="份额按概率加权：每张样本只算一张。",
    en="Shares are weighted by the probabilities: each sample counts once.",
)
def shares_by_probability(classes, probs, n_classes=10, at_least=0.02):
    weights = torch.bincount(classes, probs, minlength=n_classes)
    return int((weights / weights.sum() >= at_least).sum()), probs.mean().item()


@mistake(
    "train_gan",
    zh="每一批里造假者先走：应当鉴定师先走。",
    en="In each batch the forger takes the first step: it should be the expert.",
)
def training_forger_first(args, look=None):
    return training(args, look, forger_first=True)
