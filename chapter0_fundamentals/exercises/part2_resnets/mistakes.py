"""The wrong answers of day 2's second lesson, each explained in a sentence."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from part2_cnns.mistakes import started
from torch import nn

from coach import mistake
from part2_resnets import solutions

# Convolution


class Conv(solutions.Conv2d):
    """A convolution with a choice of faults."""

    def faulty(self, x, **changes):
        return F.conv2d(x, **({"weight": self.weight, "stride": self.stride, "padding": self.padding} | changes))


@mistake("Conv2d", zh="`stride` 没有用上。", en="`stride` isn't used.")
class NoStride(Conv):
    def forward(self, x):
        return self.faulty(x, stride=1)


@mistake("Conv2d", zh="`padding` 没有用上。", en="`padding` isn't used.")
class NoPadding(Conv):
    def forward(self, x):
        return self.faulty(x, padding=0)


@mistake("Conv2d", zh="深度学习里的卷积不翻转核。", en="In deep learning a convolution doesn't flip its kernel.")
class Flipped(Conv):
    def forward(self, x):
        return self.faulty(x, weight=self.weight.flip(2, 3))


@mistake("Conv2d", zh="今天的卷积没有偏置。", en="Today's convolutions have no bias.")
class WithBias(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, *args, **kwargs):
        super().__init__(in_channels, out_channels, *args, **kwargs)
        self.bias = nn.Parameter(torch.zeros(out_channels))


@mistake(
    "Conv2d",
    zh="`weight` 的形状是 `c_out c_in height width`：输出在前。",
    en="`weight` has the shape `c_out c_in height width`: outputs come first.",
)
class ChannelsSwapped(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(out_channels, in_channels, kernel_size, stride, padding)

    def forward(self, x):
        return F.conv2d(x, self.weight.transpose(0, 1), stride=self.stride, padding=self.padding)


@mistake(
    "Conv2d",
    zh="界里漏了核的大小：一个输出看见 `in_channels * height * width` 个输入。",
    en="The bound forgets the kernel's size: one output sees `in_channels * height * width` inputs.",
)
class BoundByChannels(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        started(self, lambda p: p.mul_(math.sqrt(p[0, 0].numel())))


@mistake("Conv2d", zh="高与宽颠倒了：先高后宽。", en="Height and width have changed places: height comes first.")
class ConvSideways(Conv):
    def forward(self, x):
        return self.faulty(x, stride=self.stride[::-1], padding=self.padding[::-1])


@mistake("Conv2d", zh="核的高用在了两个方向上。", en="The height of the kernel is used for both directions.")
class SquareKernel(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, solutions.pair(kernel_size)[0], stride, padding)


@mistake("Conv2d", zh="填充的应是 0，不是边缘的像素。", en="Pad with zeros, not with the pixels at the edge.")
class PadsTheEdge(Conv):
    def forward(self, x):
        (height, width) = self.padding
        return self.faulty(F.pad(x, (width, width, height, height), mode="replicate"), padding=0)


@mistake(
    "Conv2d",
    zh="初始值取自正态分布：要均匀分布。",
    en="It begins with a normal distribution: a uniform one is wanted.",
)
class NormalConv(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        started(self, lambda p: p.normal_(std=float(p[0].numel()) ** -0.5))


@mistake(
    "Conv2d",
    zh="它继承了 `nn.Conv2d`：这里要自己写，只有计算可以交给 `F.conv2d`。",
    en="It inherits from `nn.Conv2d`: write it yourself; only the computation may be left to `F.conv2d`.",
)
class InheritsConv(nn.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, bias=False)


@mistake(
    "MaxPool2d",
    zh="没有给出 `stride` 时，它等于 `kernel_size`，不是 1。",
    en="Without a `stride` it is `kernel_size`, not 1.",
)
class StrideOne(solutions.MaxPool2d):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, 1 if stride is None else stride, padding)


@mistake("MaxPool2d", zh=r"填充的 0 赢了：填 $-\infty$。", en=r"The zeros of the padding win: pad with $-\infty$.")
class PadsZeros(solutions.MaxPool2d):
    def forward(self, x):
        height, width = solutions.pair(self.padding)
        return F.max_pool2d(F.pad(x, (width, width, height, height)), self.kernel_size, self.stride)


@mistake("MaxPool2d", zh="这是平均池化：要最大的。", en="That is average pooling: take the largest.")
class Averages(solutions.MaxPool2d):
    def forward(self, x):
        return F.avg_pool2d(x, self.kernel_size, self.stride, self.padding)


@mistake("MaxPool2d", zh="高与宽颠倒了：先高后宽。", en="Height and width have changed places: height comes first.")
class Sideways(solutions.MaxPool2d):
    def forward(self, x):
        size, stride, padding = (solutions.pair(n)[::-1] for n in (self.kernel_size, self.stride, self.padding))
        return F.max_pool2d(x, size, stride, padding)


@mistake("MaxPool2d", zh="`padding` 没有用上。", en="`padding` isn't used.")
class PoolsUnpadded(solutions.MaxPool2d):
    def forward(self, x):
        return F.max_pool2d(x, self.kernel_size, self.stride)


@mistake("MaxPool2d", zh="给出的 `stride` 没有用上。", en="A `stride` that is given isn't used.")
class AlwaysApart(solutions.MaxPool2d):
    def forward(self, x):
        return F.max_pool2d(x, self.kernel_size, padding=self.padding)


@mistake(
    "MaxPool2d",
    zh=r"填充的数还不够小，会赢：填 $-\infty$。",
    en=r"What is padded isn't small enough and may win: pad with $-\infty$.",
)
class PadsMinusHundred(solutions.MaxPool2d):
    def forward(self, x):
        height, width = solutions.pair(self.padding)
        padded = F.pad(x, (width, width, height, height), value=-100.0)
        return F.max_pool2d(padded, self.kernel_size, self.stride)


@mistake(
    "MaxPool2d",
    zh="边上不完整的窗口也算了：大小要向下取整。",
    en="Windows that reach beyond the edge are counted too: round the size down.",
)
class RoundsUp(solutions.MaxPool2d):
    def forward(self, x):
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding, ceil_mode=True)


class Batch(solutions.BatchNorm2d):
    """A batch norm with a choice of faults."""

    over, kept, outside, still, counted, swapped = 0, 1, False, False, True, False

    def batch_statistics(self, x):
        n = x.numel() // x.shape[1]
        if n == 1:
            raise ValueError("one value has no variance")
        var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=self.over)
        momentum = 1 - self.momentum if self.swapped else self.momentum
        with torch.no_grad():
            if not self.still:
                self.running_mean.lerp_(mean, momentum)
                self.running_var.lerp_(x.var(dim=(0, 2, 3), correction=self.kept), momentum)
            self.num_batches_tracked += self.counted
        return mean, var

    def normalised(self, x, mean, var):
        scale = var.sqrt() + self.eps if self.outside else (var + self.eps).sqrt()
        weight, bias = self.weight[:, None, None], self.bias[:, None, None]
        return (x - mean[:, None, None]) / scale[:, None, None] * weight + bias

    def forward(self, x):
        mean, var = self.batch_statistics(x) if self.training else (self.running_mean, self.running_var)
        return self.normalised(x, mean, var)


@mistake(
    "BatchNorm2d", zh="归一化用的方差除以 $n$，不是 $n-1$。", en="The variance that normalises is over $n$, not $n-1$."
)
class NormalisesUnbiased(Batch):
    over = 1


@mistake("BatchNorm2d", zh="运行方差要除以 $n-1$。", en="The running variance is over $n-1$.")
class KeepsBiased(Batch):
    kept = 0


@mistake("BatchNorm2d", zh=r"$\epsilon$ 在根号里面。", en=r"$\epsilon$ stands under the root.")
class EpsilonOutsideTheRoot(Batch):
    outside = True


@mistake("BatchNorm2d", zh="运行统计量从不更新。", en="The running statistics never move.")
class NeverMoves(Batch):
    still = True


@mistake(
    "BatchNorm2d",
    zh="`momentum` 是新的一批的份额，不是旧的。",
    en="`momentum` is the share of the new batch, not of the old.",
)
class MomentumSwapped(Batch):
    swapped = True


@mistake("BatchNorm2d", zh="`num_batches_tracked` 没有数。", en="`num_batches_tracked` isn't counted.")
class NotCounted(Batch):
    counted = False


@mistake(
    "BatchNorm2d",
    zh="推理时用了这一批的统计量：要用运行统计量。",
    en="In inference it uses the batch's statistics: take the running ones.",
)
class BatchInEval(Batch):
    def forward(self, x):
        if self.training:
            return super().forward(x)
        var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
        return self.normalised(x, mean, var)


@mistake(
    "BatchNorm2d",
    zh="训练时用了运行统计量：要用这一批的。",
    en="In training it uses the running statistics: take the batch's.",
)
class RunningInTraining(Batch):
    def forward(self, x):
        if self.training:
            self.batch_statistics(x)
        return self.normalised(x, self.running_mean, self.running_var)


@mistake(
    "BatchNorm2d",
    zh="均值和方差被 `detach` 了：梯度也要经过它们。",
    en="Mean and variance are detached: the gradient passes through them too.",
)
class Detached(Batch):
    def batch_statistics(self, x):
        return super().batch_statistics(x.detach())


@mistake(
    "BatchNorm2d",
    zh="运行统计量不是参数：用 `register_buffer`。",
    en="Running statistics are no parameters: use `register_buffer`.",
)
class StatisticsAsParameters(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        for name in ("running_mean", "running_var"):
            value = getattr(self, name)
            delattr(self, name)
            self.register_parameter(name, nn.Parameter(value))


@mistake(
    "BatchNorm2d",
    zh="每个通道只有一个值时，方差没有意义：报 ValueError。",
    en="With one value per channel there is no variance: raise ValueError.",
)
class OneValue(Batch):
    def batch_statistics(self, x):
        n = x.numel() // x.shape[1]
        return super().batch_statistics(x) if n > 1 else (x.mean(dim=(0, 2, 3)), x.new_zeros(x.shape[1]))


@mistake(
    "BatchNorm2d",
    zh="运行统计量连着计算图，第二次反向就出错：更新要放在 `torch.no_grad()` 里，或者先 `detach()`。",
    en="The running statistics keep the graph, so the second backward pass fails: update them under `torch.no_grad()`, or `detach()` first.",
)
class KeepsTheGraph(Batch):
    def batch_statistics(self, x):
        var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
        n = x.numel() // x.shape[1]
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * n / (n - 1)
        self.num_batches_tracked += 1
        return mean, var


@mistake(
    "BatchNorm2d",
    zh=r"均值很大时，$E[x^2]-\mu^2$ 是两个大数之差，精度丢了：先减去均值，再平方。",
    en=r"Where the mean is large, $E[x^2]-\mu^2$ is the small difference of large numbers: first subtract the mean, then square.",
)
class BatchLosesDigits(Batch):
    def batch_statistics(self, x):
        mean, _ = super().batch_statistics(x)
        return mean, ((x**2).mean(dim=(0, 2, 3)) - mean**2).clamp(min=0)


@mistake("BatchNorm2d", zh="推理时也更新了运行统计量。", en="The running statistics move in inference too.")
class MovesInEval(Batch):
    def forward(self, x):
        if not self.training:
            before = self.running_mean.clone(), self.running_var.clone()
            self.batch_statistics(x)
            return self.normalised(x, *before)
        return super().forward(x)


@mistake(
    "BatchNorm2d",
    zh="每张图各用了自己的统计量：要对整个批次求。",
    en="Each image is normalised by its own statistics: take them over the batch.",
)
class ImageByImage(Batch):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        self.batch_statistics(x)
        var, mean = torch.var_mean(x, dim=(2, 3), correction=0, keepdim=True)
        normed = (x - mean) / (var + self.eps).sqrt()
        return normed * self.weight[:, None, None] + self.bias[:, None, None]


@mistake("BatchNorm2d", zh="`weight` 和 `bias` 没有用上。", en="`weight` and `bias` are never used.")
class BatchNotAffine(Batch):
    def normalised(self, x, mean, var):
        return super().normalised(x, mean, var) * 0 + (
            (x - mean[:, None, None]) / (var + self.eps).sqrt()[:, None, None]
        )


@mistake("BatchNorm2d", zh="`momentum` 没有用上。", en="`momentum` isn't used.")
class FixedMomentum(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps)


@mistake(
    "BatchNorm2d",
    zh="运行统计量是普通属性：`state_dict()` 和 `double()` 都到不了，用 `register_buffer`。",
    en="The running statistics are plain attributes, out of reach of `state_dict()` and `double()`: use `register_buffer`.",
)
class PlainStatistics(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        for name in ("running_mean", "running_var"):
            value = getattr(self, name)
            delattr(self, name)
            setattr(self, name, value)


@mistake(
    "BatchNorm2d",
    zh="`F.batch_norm` 是现成的：这里要自己写。",
    en="`F.batch_norm` is ready-made: here you write it yourself.",
)
class ReadyMadeBatchNorm(solutions.BatchNorm2d):
    def forward(self, x):
        if not self.training:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)
        self.batch_statistics(x)
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)


@mistake(
    "AveragePool",
    zh="空间的两维还在：结果的形状是 `batch c`。",
    en="The spatial axes are still there: the result has the shape `batch c`.",
)
class KeepsDims(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3), keepdim=True)


@mistake("AveragePool", zh="这是最大值，不是平均值。", en="That is the maximum, not the mean.")
class TakesMaximum(nn.Module):
    def forward(self, x):
        return x.amax(dim=(2, 3))


@mistake("AveragePool", zh="这是总和：还要除以高乘宽。", en="That is the sum: divide it by height times width.")
class TakesSum(nn.Module):
    def forward(self, x):
        return x.sum(dim=(2, 3))


@mistake(
    "AveragePool",
    zh="`squeeze()` 去掉了所有大小为 1 的维，连批次和通道也不例外。",
    en="`squeeze()` takes away all axes of size 1, the batch and the channel among them.",
)
class Squeezes(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3), keepdim=True).squeeze()


@mistake("AveragePool", zh="只对一维求了平均。", en="It averages over one of the axes only.")
class AveragesRows(nn.Module):
    def forward(self, x):
        return x.mean(dim=3)


@mistake(
    "AveragePool",
    zh="连批次也平均了：每张图各有自己的平均。",
    en="The batch is averaged too: each image has its own mean.",
)
class AveragesTheBatch(nn.Module):
    def forward(self, x):
        return x.mean(dim=(0, 2, 3)).expand(len(x), -1)


@mistake("AveragePool", zh="除数写死了：高与宽可以是任意的。", en="The divisor is fixed: height and width may be any.")
class FixedDivisor(nn.Module):
    def forward(self, x):
        return x.sum(dim=(2, 3)) / 49


# Residual networks


def set_stride(layer: Any, stride: int) -> None:
    layer.stride = stride


def first_block(group: Any) -> Any:
    return group.blocks[0]


def no_stride(block: Any) -> None:
    """Takes the stride from a residual block."""
    for layer in (block.left[0], *list(block.right.children())[:1]):
        layer.stride = 1


@mistake("ResidualBlock", zh="捷径不见了：要把输入加回来。", en="The shortcut is missing: add the input back.")
class NoShortcut(solutions.ResidualBlock):
    def forward(self, x):
        return self.relu(self.left(x) + 0 * self.right(x))


@mistake("ResidualBlock", zh="相加之后少了 ReLU。", en="The ReLU after the sum is missing.")
class NoReLUAfter(solutions.ResidualBlock):
    def forward(self, x):
        return self.left(x) + self.right(x)


@mistake(
    "ResidualBlock",
    zh="先相加，再 ReLU；你只对左支用了它。",
    en="First add, then ReLU; you applied it to the left branch alone.",
)
class ReLUBefore(solutions.ResidualBlock):
    def forward(self, x):
        return self.relu(self.left(x)) + self.right(x)


@mistake(
    "ResidualBlock",
    zh="两个卷积都带了步幅：只有第一个带。",
    en="Both convolutions have the stride: only the first should.",
)
class StridesTwice(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        set_stride(self.left[3], first_stride)


@mistake(
    "ResidualBlock",
    zh="形状不变时，捷径就是输入本身，没有卷积。",
    en="Where the shape stays, the shortcut is the input itself, without a convolution.",
)
class AlwaysConvolves(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        shortcut = solutions.Conv2d(in_feats, out_feats, 1, first_stride), solutions.BatchNorm2d(out_feats)
        self.right = solutions.Sequential(*shortcut)


@mistake(
    "ResidualBlock",
    zh="捷径上的 1×1 卷积之后还有批归一化。",
    en="On the shortcut a batch norm follows the 1×1 convolution.",
)
class BareShortcut(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        if isinstance(self.right, solutions.Sequential):
            self.right = self.right[0]


@mistake(
    "ResidualBlock",
    zh="步幅为 1 而通道数改变时，捷径也需要卷积。",
    en="The shortcut needs its convolution also where the stride is 1 and the number of channels changes.",
)
class OnlyForStrides(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        if first_stride == 1:
            self.right = nn.Identity()


@mistake("ResidualBlock", zh="左支中间少了 ReLU。", en="The ReLU inside the left branch is missing.")
class NoReLUInside(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        self.left[2] = nn.Identity()


@mistake("ResidualBlock", zh="左支最后少了批归一化。", en="The batch norm at the end of the left branch is missing.")
class NoSecondNorm(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        self.left[4] = nn.Identity()


@mistake(
    "ResidualBlock",
    zh="右支登记在左支之前：顺序应当相反。",
    en="The right branch is registered before the left: it should be the other way round.",
)
class RightFirst(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        left = self.left
        del self.left
        self.left = left


@mistake("ResidualBlock", zh="捷径上不要 ReLU：相加之后才有。", en="No ReLU on the shortcut: it comes after the sum.")
class ReLUOnTheShortcut(solutions.ResidualBlock):
    def forward(self, x):
        return self.relu(self.left(x) + self.relu(self.right(x)))


@mistake("ResidualBlock", zh="捷径上的卷积是 1×1，不是 3×3。", en="The convolution on the shortcut is 1×1, not 3×3.")
class WideShortcut(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        if isinstance(self.right, solutions.Sequential):
            self.right[0] = solutions.Conv2d(in_feats, out_feats, 3, first_stride, padding=1)


@mistake(
    "ResidualBlock",
    zh="左支最后多了一个 ReLU：先相加。",
    en="There is a ReLU too many at the end of the left branch: add first.",
)
class ReLUOnTheLeft(solutions.ResidualBlock):
    def forward(self, x):
        return self.relu(self.relu(self.left(x)) + self.right(x))


class Group(nn.Module):
    """A group of the blocks given."""

    def __init__(self, *blocks):
        super().__init__()
        self.blocks = solutions.Sequential(*blocks)

    def forward(self, x):
        return self.blocks(x)


@mistake("BlockGroup", zh="每一块都带了步幅：只有第一块带。", en="Each block has the stride: only the first should.")
class StridesEverywhere(Group):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        rest = [solutions.ResidualBlock(out_feats, out_feats, first_stride) for _ in range(n_blocks - 1)]
        super().__init__(solutions.ResidualBlock(in_feats, out_feats, first_stride), *rest)


@mistake(
    "BlockGroup",
    zh="多了一块：第一块也算在 `n_blocks` 里。",
    en="There is one block too many: the first counts among the `n_blocks`.",
)
class OneTooMany(solutions.BlockGroup):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        super().__init__(n_blocks + 1, in_feats, out_feats, first_stride)


@mistake("BlockGroup", zh="`first_stride` 没有用上。", en="`first_stride` isn't used.")
class StrideForgotten(solutions.BlockGroup):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        super().__init__(n_blocks, in_feats, out_feats)
        if first_stride != 1:
            self.blocks[0] = solutions.ResidualBlock(in_feats, out_feats, first_stride)
            no_stride(self.blocks[0])


@mistake(
    "BlockGroup",
    zh="`[block] * n` 是同一块用了 n 次，权重共用：每次都要造新的。",
    en="`[block] * n` is one block used n times, with shared weights: make each anew.",
)
class SameBlock(Group):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        rest = [solutions.ResidualBlock(out_feats, out_feats)] * (n_blocks - 1)
        super().__init__(solutions.ResidualBlock(in_feats, out_feats, first_stride), *rest)


@mistake(
    "BlockGroup",
    zh="少了一块：第一块之外还有 `n_blocks - 1` 块。",
    en="There is one block too few: besides the first there are `n_blocks - 1`.",
)
class OneTooFew(solutions.BlockGroup):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        super().__init__(max(1, n_blocks - 1), in_feats, out_feats, first_stride)


@mistake(
    "BlockGroup",
    zh="第一块排到了最后：登记的顺序要与使用的相同。",
    en="The first block is registered last: the order should be that in which they are used.",
)
class FirstRegisteredLast(nn.Module):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        super().__init__()
        self.rest = nn.Sequential(*(solutions.ResidualBlock(out_feats, out_feats) for _ in range(n_blocks - 1)))
        self.first = solutions.ResidualBlock(in_feats, out_feats, first_stride)

    def forward(self, x):
        return self.rest(self.first(x))


@mistake(
    "BlockGroup",
    zh="后面的块还用 `in_feats`：第一块之后的通道数是 `out_feats`。",
    en="The later blocks still take `in_feats`: after the first block there are `out_feats` channels.",
)
class SameChannels(Group):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        rest = [solutions.ResidualBlock(in_feats, out_feats) for _ in range(n_blocks - 1)]
        super().__init__(solutions.ResidualBlock(in_feats, out_feats, first_stride), *rest)


class Network(solutions.ResNet34):
    """A ResNet34 from which a layer of the body is taken out."""

    without: int | None = None

    def __init__(self, blocks=(3, 4, 6, 3), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), n_classes=1000):
        super().__init__(blocks, widths, strides, n_classes)
        if self.without is not None:
            self.body[self.without] = nn.Identity()


@mistake(
    "ResNet34", zh="输入部分的卷积之后少了批归一化。", en="The batch norm after the stem's convolution is missing."
)
class NoEntranceNorm(Network):
    without = 1


@mistake("ResNet34", zh="输入部分少了 ReLU。", en="The stem lacks its ReLU.")
class NoEntranceReLU(Network):
    without = 2


@mistake("ResNet34", zh="输入部分少了最大池化。", en="The stem lacks its max pooling.")
class NoMaxPool(Network):
    without = 3


@mistake("ResNet34", zh="各组的步幅没有用上。", en="The groups' strides aren't used.")
class NoGroupStrides(Network):
    def __init__(self, blocks=(3, 4, 6, 3), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), n_classes=1000):
        super().__init__(blocks, widths, strides, n_classes)
        for group in list(self.body.children())[4:-1]:
            no_stride(first_block(group))


@mistake("ResNet34", zh="`n_classes` 没有用上。", en="`n_classes` isn't used.")
class AlwaysThousand(Network):
    def __init__(self, blocks=(3, 4, 6, 3), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), n_classes=1000):
        super().__init__(blocks, widths, strides, 1000)


class Ended(Network):
    """A ResNet34 with something done to its body."""

    def __init__(self, blocks=(3, 4, 6, 3), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), n_classes=1000):
        super().__init__(blocks, widths, strides, n_classes)
        self.change()

    def change(self):
        raise NotImplementedError("each mistake has its own")


@mistake("ResNet34", zh="最后不要 softmax：返回的是 logits。", en="No softmax at the end: logits are wanted.")
class SoftmaxedLogits(Network):
    def forward(self, x):
        return super().forward(x).softmax(dim=-1)


@mistake("ResNet34", zh="输入部分的卷积少了步幅 2。", en="The stem's convolution lacks its stride of 2.")
class EntranceWithoutStride(Ended):
    def change(self):
        set_stride(self.body[0], 1)


@mistake("ResNet34", zh="输入部分的最大池化少了步幅 2。", en="The stem's max pooling lacks its stride of 2.")
class PoolWithoutStride(Ended):
    def change(self):
        set_stride(self.body[3], 1)


@mistake("ResNet34", zh="最大池化少了 `padding=1`。", en="The max pooling lacks its `padding=1`.")
class PoolWithoutPadding(Ended):
    def change(self):
        self.body[3] = solutions.MaxPool2d(3, stride=2)


@mistake(
    "ResNet34",
    zh="最后的线性层登记在最前：顺序要与使用的相同。",
    en="The linear layer at the end is registered first: the order should be that in which they are used.",
)
class HeadFirst(Ended):
    def change(self):
        body = self.body
        del self.body
        self.body = body


@mistake("ResNet34", zh="最后一组没有用上。", en="The last group isn't used.")
class WithoutTheLastGroup(Ended):
    def change(self):
        self.body[-2] = nn.Identity()


@mistake(
    "copy_weights",
    zh="buffer 没有搬：`running_mean` 还是旧的。",
    en="The buffers weren't moved: `running_mean` is the old one.",
)
def parameters_only(mine, theirs):
    solutions.copy_weights(copied(mine), theirs)
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        p.data.copy_(q.data)
    return mine


def copied(module):
    import copy

    return copy.deepcopy(module)


@mistake("copy_weights", zh="方向反了：从 `theirs` 搬到 `mine`。", en="That is the wrong way: from `theirs` to `mine`.")
def wrong_way(mine, theirs):
    solutions.copy_weights(theirs, mine)
    return mine


@mistake("copy_weights", zh="忘了返回 `mine`。", en="It doesn't return `mine`.")
def returns_theirs(mine, theirs):
    solutions.copy_weights(mine, theirs)
    return theirs


@mistake(
    "copy_weights",
    zh="`p.data = q.data` 没有拷贝：两个网络共用内存。",
    en="`p.data = q.data` copies nothing: both networks share their memory.",
)
def shares_memory(mine, theirs):
    solutions.copy_weights(mine, theirs)
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        p.data = q.data
    return mine


@mistake(
    "copy_weights",
    zh="多出来的被悄悄忽略：`zip` 要加 `strict=True`，或先比较个数。",
    en="What is left over is ignored in silence: `zip` with `strict=True`, or compare the numbers first.",
)
def ignores_the_rest(mine, theirs):
    pairs = list(zip(mine.state_dict().values(), theirs.state_dict().values(), strict=False))
    if any(p.shape != q.shape for p, q in pairs):
        raise ValueError("the shapes differ")
    for p, q in pairs:
        p.copy_(q)
    return mine


@mistake("copy_weights", zh="搬到一半才报错：先检查所有形状。", en="The error comes half-way: check all shapes first.")
def half_way(mine, theirs):
    pairs = list(zip(mine.state_dict().values(), theirs.state_dict().values(), strict=True))
    for p, q in pairs:
        if p.shape != q.shape:
            raise ValueError(f"{p.shape} against {q.shape}")
        p.copy_(q)
    return mine


@mistake(
    "copy_weights",
    zh="个数或形状对不上时，报的应是 `ValueError`：`load_state_dict` 报的是 `RuntimeError`。",
    en="A misfit should raise `ValueError`: what `load_state_dict` raises is a `RuntimeError`.",
)
def runtime_error(mine, theirs):
    try:
        return solutions.copy_weights(mine, theirs)
    except ValueError as error:
        raise RuntimeError(str(error)) from error


@mistake(
    "copy_weights",
    zh="按名字找，可是名字不同：要按登记的顺序。",
    en="It goes by the names, but those differ: go by the order of registration.",
)
def by_name(mine, theirs):
    mine.load_state_dict(theirs.state_dict())
    return mine


@mistake(
    "copy_weights",
    zh="名字排了序：对应的是登记的顺序。",
    en="The names are sorted: what corresponds is the order of registration.",
)
def sorted_by_name(mine, theirs):
    targets, sources = mine.state_dict(), theirs.state_dict()
    if len(targets) != len(sources):
        raise ValueError("different numbers")
    pairs = [(targets[a], sources[b]) for a, b in zip(sorted(targets), sorted(sources), strict=True)]
    if any(p.shape != q.shape for p, q in pairs):
        raise ValueError("different shapes")
    for p, q in pairs:
        p.copy_(q)
    return mine


@mistake(
    "copy_weights",
    zh="只比较了元素的个数：形状也要相同。",
    en="It compares the number of elements only: the shapes must be the same.",
)
def reshapes(mine, theirs):
    pairs = list(zip(mine.state_dict().values(), theirs.state_dict().values(), strict=True))
    if any(p.numel() != q.numel() for p, q in pairs):
        raise ValueError("different sizes")
    for p, q in pairs:
        p.copy_(q.reshape(p.shape))
    return mine


@mistake(
    "copy_weights",
    zh="参数被换成了新的：优化器手里还是旧的，要把值拷进去。",
    en="The parameters were exchanged for new ones, while an optimiser still holds the old: copy the values into them.",
)
def new_parameters(mine, theirs):
    solutions.copy_weights(mine, theirs)
    for module in mine.modules():
        for name, p in list(module.named_parameters(recurse=False)):
            setattr(module, name, nn.Parameter(p.detach().clone(), p.requires_grad))
    return mine


@mistake(
    "copy_weights",
    zh="参数的 `requires_grad` 变了：只搬值。",
    en="It changes the parameters' `requires_grad`: move the values only.",
)
def all_ask(mine, theirs):
    return solutions.copy_weights(mine, theirs).requires_grad_()


@mistake("copy_weights", zh="没有 `return`。", en="There is no `return`.")
def returns_nothing(mine, theirs):
    solutions.copy_weights(mine, theirs)


@mistake("predict", zh="没有换到 eval 模式。", en="It doesn't switch to eval mode.")
def predicts_in_train(model, images):
    with torch.no_grad():
        probs, classes = model(images).softmax(dim=-1).max(dim=-1)
    return classes, probs


@mistake("predict", zh="之后模型停在 eval 模式。", en="Afterwards the model is stuck in eval mode.")
def left_in_eval(model, images):
    result = solutions.predict(model, images)
    model.eval()
    return result


@mistake(
    "predict",
    zh="之后总是 train 模式：要恢复到之前的模式。",
    en="Afterwards it is always in train mode: bring back the mode before.",
)
def left_in_train(model, images):
    result = solutions.predict(model, images)
    model.train()
    return result


@mistake("predict", zh="这是 logits，不是概率：先 softmax。", en="Those are logits, no probabilities: softmax first.")
def logits_for_probs(model, images):
    classes, _ = solutions.predict(model, images)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        best = model(images).amax(dim=-1)
    model.train(was_training)
    return classes, best


@mistake(
    "predict",
    zh="顺序反了：`max` 先给出值，后给出位置。",
    en="Their order is wrong: `max` gives values first, positions second.",
)
def results_swapped(model, images):
    return solutions.predict(model, images)[::-1]


@mistake("predict", zh="softmax 沿着批次做了：用 `dim=-1`。", en="The softmax runs along the batch: use `dim=-1`.")
def softmax_over_batch(model, images):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        probs, classes = model(images).softmax(dim=0).max(dim=-1)
    model.train(was_training)
    return classes, probs


@mistake(
    "predict",
    zh="`model.train(…)` 让所有子模块同一个模式：有的之前是另一个。",
    en="`model.train(…)` gives all submodules one mode: some were in the other before.",
)
def one_mode_for_all(model, images):
    was_training = model.training
    try:
        return solutions.predict(model, images)
    finally:
        model.train(was_training)


@mistake(
    "predict",
    zh="模型报错之后停在 eval 模式：恢复要放在 `finally` 里。",
    en="After an error in the model it is stuck in eval mode: restore in a `finally`.",
)
def stuck_after_an_error(model, images):
    try:
        return solutions.predict(model, images)
    except RuntimeError:
        model.eval()
        raise


@mistake(
    "predict",
    zh="结果还连着计算图：用 `torch.no_grad()`。",
    en="The results still have a graph: use `torch.no_grad()`.",
)
def predicts_with_graph(model, images):
    classes, _ = solutions.predict(model, images)
    modes = [(module, module.training) for module in model.modules()]
    probs = model.eval()(images).softmax(dim=-1).amax(dim=-1)
    for module, training in modes:
        module.training = training
    return classes, probs


@mistake(
    "predict", zh="logits 很大时 `exp` 溢出了：用 `softmax`。", en="`exp` overflows for large logits: use `softmax`."
)
def exp_overflows(model, images):
    classes, _ = solutions.predict(model, images)
    modes = [(module, module.training) for module in model.modules()]
    with torch.no_grad():
        exp = model.eval()(images).exp()
    for module, training in modes:
        module.training = training
    return classes, (exp / exp.sum(dim=-1, keepdim=True)).amax(dim=-1)


@mistake("predict", zh="这是对数概率：要概率。", en="Those are logarithms: probabilities are wanted.")
def log_probabilities(model, images):
    classes, probs = solutions.predict(model, images)
    return classes, probs.log()


@mistake(
    "predict",
    zh="返回了所有类别的概率：每张图只要最大的那个。",
    en="It returns the probabilities of all classes: only the largest is wanted.",
)
def all_probabilities(model, images):
    classes, _ = solutions.predict(model, images)
    modes = [(module, module.training) for module in model.modules()]
    with torch.no_grad():
        probs = model.eval()(images).softmax(dim=-1)
    for module, training in modes:
        module.training = training
    return classes, probs


class Small(solutions.SmallResNet):
    """A small ResNet with a layer of its body taken out."""

    without: int | None = None

    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        if self.without is not None:
            self.body[self.without] = nn.Identity()


@mistake("SmallResNet", zh="输入部分少了批归一化。", en="The stem lacks its batch norm.")
class SmallWithoutNorm(Small):
    without = 1


@mistake("SmallResNet", zh="输入部分少了 ReLU。", en="The stem lacks its ReLU.")
class SmallWithoutReLU(Small):
    without = 2


@mistake("SmallResNet", zh="`width` 没有用上。", en="`width` isn't used.")
class SmallFixedWidth(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, 16)


@mistake("SmallResNet", zh="第二组和第三组的步幅是 2。", en="The second and the third group have a stride of 2.")
class SmallWithoutStride(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        for i in (4, 5):
            no_stride(first_block(self.body[i]))


@mistake("SmallResNet", zh="这里没有最大池化。", en="There is no max pooling here.")
class SmallWithPool(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        self.body[2] = nn.Sequential(solutions.ReLU(), solutions.MaxPool2d(3, 2, 1))


@mistake("SmallResNet", zh="最后不要 softmax：返回的是 logits。", en="No softmax at the end: logits are wanted.")
class SmallSoftmax(Small):
    def forward(self, x):
        return super().forward(x).softmax(dim=-1)


@mistake("SmallResNet", zh="输入部分的卷积是 3×3，不是 7×7。", en="The stem's convolution is 3×3, not 7×7.")
class SmallWideEntrance(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        self.body[0] = solutions.Conv2d(1, width, 7, padding=3)


@mistake(
    "SmallResNet",
    zh="最后的线性层登记在最前：顺序要与使用的相同。",
    en="The linear layer at the end is registered first: the order should be that in which they are used.",
)
class SmallHeadFirst(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        body = self.body
        del self.body
        self.body = body


@mistake(
    "SmallResNet",
    zh="每一组的通道数都是 `width`：后两组要加倍。",
    en="All groups have `width` channels: the last two double them.",
)
class SmallSameWidth(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        self.body[4], self.body[5] = (solutions.BlockGroup(1, width, width, 2) for _ in range(2))
        self.head = solutions.Linear(width, n_classes)
