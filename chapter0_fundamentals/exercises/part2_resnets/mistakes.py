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
    en="The bound leaves out the kernel's size: one output sees `in_channels * height * width` inputs.",
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
    zh="初始值取自正态分布：要用均匀分布。",
    en="The weights start from a normal distribution: draw them uniformly.",
)
class NormalConv(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        started(self, lambda p: p.normal_(std=float(p[0].numel()) ** -0.5))


class BoundedConv(solutions.Conv2d):
    """A convolution that begins evenly within `bound(c_in, c_out, (height, width))`."""

    bound: Any = None

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        bound = self.bound(in_channels, out_channels, self.kernel_size)
        started(self, lambda p: p.uniform_(-bound, bound))


@mistake(
    "Conv2d",
    zh="界太小了，像是把 `out_channels` 算进了个数：一个输出看见 `in_channels * height * width` 个输入。",
    en="The bound is much too small, as if it counted `out_channels`: one output sees `in_channels * height * width` inputs.",
)
class BoundByOutChannels(BoundedConv):
    bound = lambda self, c_in, c_out, size: 1 / math.sqrt(c_out * size[0] * size[1])  # noqa: E731


@mistake(
    "Conv2d",
    zh=r"界漏了根号：是 $1/\sqrt{n}$。",
    en=r"The bound lacks its square root: it is $1/\sqrt{n}$.",
)
class ConvWithoutRoot(BoundedConv):
    bound = lambda self, c_in, c_out, size: 1 / (c_in * size[0] * size[1])  # noqa: E731


@mistake(
    "Conv2d",
    zh="核不是正方形时界偏大：一个输出看见的是 `height * width`，不是高的平方。",
    en="For a kernel that isn't square the bound is too large: one output sees `height * width`, not the height squared.",
)
class BoundBySquare(BoundedConv):
    bound = lambda self, c_in, c_out, size: 1 / math.sqrt(c_in * size[0] ** 2)  # noqa: E731


@mistake(
    "Conv2d",
    zh="核不是正方形时界偏小：一个输出看见的是 `height * width`，不是宽的平方。",
    en="For a kernel that isn't square the bound is too small: one output sees `height * width`, not the width squared.",
)
class BoundBySquareOfWidth(BoundedConv):
    bound = lambda self, c_in, c_out, size: 1 / math.sqrt(c_in * size[1] ** 2)  # noqa: E731


@mistake(
    "Conv2d",
    zh=r"界大了约 $\sqrt 6$ 倍（`kaiming_uniform_` 的默认界是 $\sqrt{6/n}$）：是 $1/\sqrt{n}$。",
    en=r"The bound is about $\sqrt 6$ times too large (by default that of `kaiming_uniform_` is $\sqrt{6/n}$): it is $1/\sqrt{n}$.",
)
class ConvSixTimesTheVariance(BoundedConv):
    bound = lambda self, c_in, c_out, size: math.sqrt(6 / (c_in * size[0] * size[1]))  # noqa: E731


@mistake(
    "Conv2d",
    zh=r"权重比应有的小：取值范围是 $\pm1/\sqrt{n}$，与 `out_channels` 无关。",
    en=r"The weights are too small: the bound is $1/\sqrt{n}$, whatever `out_channels` is.",
)
class ConvByBoth(BoundedConv):
    bound = lambda self, c_in, c_out, size: math.sqrt(6 / ((c_in + c_out) * size[0] * size[1]))  # noqa: E731


@mistake(
    "Conv2d",
    zh="初始值都是正的：要从 $-b$ 到 $b$ 均匀地取。",
    en="All first values are positive: draw evenly from $-b$ to $b$.",
)
class PositiveConv(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        started(self, lambda p: p.abs_())


@mistake(
    "Conv2d",
    zh="`kernel_size` 是一对数时报了错：它可以是一个数，也可以是 `(height, width)`。",
    en="It fails where `kernel_size` is a pair: it may be one number, or `(height, width)`.",
)
class NumbersOnly(solutions.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        if not isinstance(kernel_size, int):
            raise TypeError(kernel_size)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)


@mistake(
    "Conv2d",
    zh="`stride` 和 `padding` 颠倒了。",
    en="`stride` and `padding` have changed places.",
)
class StrideForPadding(Conv):
    def forward(self, x):
        return self.faulty(x, stride=self.padding, padding=self.stride)


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


@mistake(
    "MaxPool2d",
    zh=r"填充的数赢了（0，或者还不够小的数）：填 $-\infty$。",
    en=r"What is padded wins, be it 0 or not small enough: pad with $-\infty$.",
)
class PadsZeros(solutions.MaxPool2d):
    def forward(self, x):
        height, width = solutions.pair(self.padding)
        return F.max_pool2d(F.pad(x, (width, width, height, height)), self.kernel_size, self.stride)


@mistake(
    "MaxPool2d",
    zh=r"补的是 float32 里最小的数：float64 的输入可以更小，填 $-\infty$。",
    en=r"It pads with the smallest float32: float64 numbers can be smaller still, so pad with $-\infty$.",
)
class PadsTheLeastFloat32(solutions.MaxPool2d):
    def forward(self, x):
        height, width = solutions.pair(self.padding)
        padded = F.pad(x, (width, width, height, height), value=torch.finfo(torch.float32).min)
        return F.max_pool2d(padded, self.kernel_size, self.stride)


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


@mistake("BatchNorm2d", zh="运行统计量从不更新。", en="The running statistics are never updated.")
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
    zh="梯度没有经过均值和方差，像是它们被 `detach` 了：也要经过它们。",
    en="The gradient doesn't pass through mean and variance, as if they were detached: it should.",
)
class Detached(Batch):
    def batch_statistics(self, x):
        return super().batch_statistics(x.detach())


@mistake(
    "BatchNorm2d",
    zh="运行统计量不是参数：用 `register_buffer`。",
    en="Running statistics aren't parameters: use `register_buffer`.",
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
        var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
        n = x.numel() // x.shape[1]
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * (n / (n - 1) if n > 1 else math.nan), self.momentum)
            self.num_batches_tracked += 1
        return mean, var


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
    zh=r"均值很大时精度丢了，像 $E[x^2]-\mu^2$ 那样（两个大数之差）：先减去均值，再平方。",
    en=r"Where the mean is large digits are lost, as in $E[x^2]-\mu^2$, the small difference of large numbers: first subtract the mean, then square.",
)
class BatchLosesDigits(Batch):
    def batch_statistics(self, x):
        mean, _ = super().batch_statistics(x)
        return mean, ((x**2).mean(dim=(0, 2, 3)) - mean**2).clamp(min=0)


@mistake(
    "BatchNorm2d",
    zh="每个通道只有一个值时报的不是 `ValueError`。",
    en="With one value per channel it raises something other than `ValueError`.",
)
class ByAnotherError(Batch):
    def batch_statistics(self, x):
        assert x.numel() > x.shape[1]
        return super().batch_statistics(x)


@mistake(
    "BatchNorm2d",
    zh="`momentum` 为 0 时用了默认的：0 也是一个值。",
    en="A `momentum` of 0 is taken for none: 0 is a value, too.",
)
class ZeroMomentumLost(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum or 0.1)


@mistake("BatchNorm2d", zh="推理时也更新了运行统计量。", en="The running statistics are updated at inference, too.")
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
    zh="`num_batches_tracked` 的类型不对：它是 int64，`torch.tensor(0)`。",
    en="`num_batches_tracked` has the wrong dtype: it should be int64, `torch.tensor(0)`.",
)
class CountsInFloats(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        self.num_batches_tracked = torch.tensor(0.0)


@mistake(
    "BatchNorm2d",
    zh="`batch_statistics` 不更新运行统计量：它返回之前就要更新。",
    en="`batch_statistics` doesn't update the running statistics: it should, before it returns.",
)
class UpdatesInForward(Batch):
    def batch_statistics(self, x):
        before = [value.clone() for value in self.buffers()]
        result = super().batch_statistics(x)
        self.moved = [value.clone() for value in self.buffers()]
        for value, old in zip(self.buffers(), before, strict=True):
            value.copy_(old)
        return result

    def forward(self, x):
        result = super().forward(x)
        if self.training:
            for value, new in zip(self.buffers(), self.moved, strict=True):
                value.copy_(new)
        return result


@mistake(
    "BatchNorm2d",
    zh="`weight` 和 `bias` 的形状应是 `(num_features,)`：用的时候再加上别的轴。",
    en="`weight` and `bias` have the shape `(num_features,)`: add other axes only where you use them.",
)
class ParametersOfFourAxes(solutions.BatchNorm2d):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        shape = 1, num_features, 1, 1
        self.weight, self.bias = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        mean, var = self.batch_statistics(x) if self.training else (self.running_mean, self.running_var)
        return (x - mean[:, None, None]) / (var + self.eps).sqrt()[:, None, None] * self.weight + self.bias


@mistake(
    "BatchNorm2d", zh="`running_var` 从 0 开始：应从 1 开始。", en="`running_var` begins at 0: it should begin at 1."
)
class VarianceFromZero(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        self.running_var.zero_()


@mistake(
    "BatchNorm2d", zh="`running_mean` 从 1 开始：应从 0 开始。", en="`running_mean` begins at 1: it should begin at 0."
)
class MeanFromOne(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        self.running_mean.fill_(1)


@mistake(
    "BatchNorm2d",
    zh="旧的运行统计量没有乘 `1 - momentum`：它们越加越大。",
    en="The old running statistics aren't multiplied by `1 - momentum`: they grow and grow.",
)
class AddsUp(Batch):
    def batch_statistics(self, x):
        before = self.running_mean.clone(), self.running_var.clone()
        result = super().batch_statistics(x)
        self.running_mean += self.momentum * before[0]
        self.running_var += self.momentum * before[1]
        return result


@mistake(
    "BatchNorm2d",
    zh="推理时漏了 `eps`。",
    en="In inference `eps` is missing.",
)
class NoEpsilonInEval(Batch):
    def normalised(self, x, mean, var):
        return super().normalised(x, mean, var if self.training else var - self.eps)


@mistake("BatchNorm2d", zh="给出的 `eps` 没有用上。", en="The `eps` that is given isn't used.")
class FixedEpsilon(Batch):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, momentum=momentum)


@mistake(
    "BatchNorm2d",
    zh="推理时也数了一批：`num_batches_tracked` 只数训练过的。",
    en="Batches in inference are counted too: `num_batches_tracked` counts those trained on.",
)
class CountsInEval(Batch):
    def forward(self, x):
        self.num_batches_tracked += not self.training
        return super().forward(x)


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
    zh="高和宽两个轴还在：结果的形状是 `batch c`。",
    en="The axes of height and width are still there: the result has the shape `batch c`.",
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
    zh="批次或通道的大小为 1 时，那个轴也没有了（`squeeze()` 就是这样）：结果的形状总是 `batch c`。",
    en="Where batch or channel have size 1 their axis is gone, as by `squeeze()`: the result always has the shape `batch c`.",
)
class Squeezes(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3), keepdim=True).squeeze()


@mistake("AveragePool", zh="只对一个轴求了平均。", en="It averages over one of the axes only.")
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


@mistake(
    "AveragePool",
    zh="通道被平均了：要对高和宽平均。",
    en="It averages the channels: average over height and width.",
)
class AveragesChannels(nn.Module):
    def forward(self, x):
        return x.mean(dim=1).flatten(1)


@mistake(
    "AveragePool",
    zh="总和除以了高的平方：要除以高乘宽。",
    en="The sum is divided by the height squared: divide by height times width.",
)
class DividesByHeightSquared(nn.Module):
    def forward(self, x):
        return x.sum(dim=(2, 3)) / x.shape[2] ** 2


@mistake(
    "AveragePool",
    zh="总和除以了宽的平方：要除以高乘宽。",
    en="The sum is divided by the width squared: divide by height times width.",
)
class DividesByWidthSquared(nn.Module):
    def forward(self, x):
        return x.sum(dim=(2, 3)) / x.shape[3] ** 2


@mistake("AveragePool", zh="除数写死了：高与宽可以是任意的。", en="The divisor is fixed: height and width may be any.")
class FixedDivisor(nn.Module):
    def forward(self, x):
        return x.sum(dim=(2, 3)) / 49


# Residual networks


def set_stride(layer: Any, stride: int) -> None:
    layer.stride = stride


def set_padding(layer: Any, padding: int) -> None:
    layer.padding = (padding, padding)


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


@mistake(
    "ResidualBlock",
    zh="左支只有一个批归一化：两个卷积之后各要一个，各有各的参数。",
    en="The left branch has one batch norm only: each of its convolutions is followed by one of its own.",
)
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


@mistake(
    "ResidualBlock",
    zh="通道数不变而步幅不是 1 时，捷径也需要卷积。",
    en="The shortcut needs its convolution also where the channels stay and the stride isn't 1.",
)
class OnlyForChannels(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        if in_feats == out_feats:
            self.right = nn.Identity()


@mistake(
    "ResidualBlock",
    zh="步幅在第二个卷积上：第一个才带步幅。",
    en="The second convolution has the stride: the first should.",
)
class StrideOnTheSecond(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        set_stride(self.left[0], 1)
        set_stride(self.left[3], first_stride)


@mistake(
    "ResidualBlock",
    zh="卷积没有步幅：左支的第一个和捷径上的都要 `first_stride`。",
    en="No convolution has the stride: the first of the left branch and that on the shortcut have `first_stride`.",
)
class NoStrideAnywhere(solutions.ResidualBlock):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__(in_feats, out_feats, first_stride)
        no_stride(self)


@mistake(
    "ResidualBlock",
    zh="左支最后的批归一化没有用上。",
    en="The batch norm at the end of the left branch isn't used.",
)
class SecondNormUnused(solutions.ResidualBlock):
    def forward(self, x):
        y = x
        for i in range(4):
            y = self.left[i](y)
        return self.relu(y + self.right(x))


@mistake(
    "ResidualBlock",
    zh="第一个卷积之后，先 ReLU 后批归一化：顺序相反。",
    en="After the first convolution the ReLU comes before the batch norm: the other way round.",
)
class ReLUBeforeNorm(solutions.ResidualBlock):
    def forward(self, x):
        conv1, norm1, relu, conv2, norm2 = (self.left[i] for i in range(5))
        return self.relu(norm2(conv2(norm1(relu(conv1(x))))) + self.right(x))


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
    zh="各块共用一份权重，像 `[block] * n` 那样：每次都要造新的。",
    en="The blocks share their weights, as in `[block] * n`: make each anew.",
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


@mistake(
    "BlockGroup",
    zh="它的块没有登记（例如放进了普通的列表）：用 `Sequential`。",
    en="Its blocks aren't registered, as in a plain list: use `Sequential`.",
)
class BlocksInAList(solutions.BlockGroup):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        super().__init__(n_blocks, in_feats, out_feats, first_stride)
        blocks = list(self.blocks.children())
        del self.blocks
        self.list = blocks

    def forward(self, x):
        for block in self.list:
            x = block(x)
        return x


@mistake(
    "BlockGroup",
    zh="最后一块带了步幅：只有第一块带。",
    en="The last block has the stride: only the first should.",
)
class StrideOnTheLast(Group):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        strides = [1] * (n_blocks - 1) + [first_stride]
        first, *rest = strides
        blocks = [solutions.ResidualBlock(out_feats, out_feats, stride) for stride in rest]
        super().__init__(solutions.ResidualBlock(in_feats, out_feats, first), *blocks)


@mistake(
    "BlockGroup",
    zh="通道数在最后一块才变：第一块就要变成 `out_feats`。",
    en="The channels change in the last block only: the first makes them `out_feats`.",
)
class WidensAtTheEnd(Group):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        widths = [in_feats] * n_blocks + [out_feats]
        blocks = [solutions.ResidualBlock(widths[i], widths[i + 1], 1 if i else first_stride) for i in range(n_blocks)]
        super().__init__(*blocks)


class Network(solutions.ResNet34):
    """A ResNet34 from which a layer of the body is taken out."""

    without: int | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.without is not None:
            self.body[self.without] = nn.Identity()


class Ended(Network):
    """A ResNet34 with something done to its body."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.change()

    def change(self):
        raise NotImplementedError("each mistake has its own")


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
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for group in list(self.body.children())[4:-1]:
            no_stride(first_block(group))


@mistake("ResNet34", zh="`n_classes` 没有用上。", en="`n_classes` isn't used.")
class AlwaysThousand(Ended):
    def change(self):
        self.head = solutions.Linear(self.head.weight.shape[1], 1000)


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


@mistake(
    "ResNet34",
    zh="最后的线性层的输入写死了 512：它是最后一组的通道数，`out_features_per_group[-1]`。",
    en="The linear layer at the end always takes 512 features: it is as many as the last group has, `out_features_per_group[-1]`.",
)
class HeadOf512(Ended):
    def change(self):
        self.head = solutions.Linear(512, self.head.weight.shape[0])


@mistake(
    "ResNet34",
    zh="输入部分的通道数取自第一组：它应当总是 64 个通道。",
    en="The stem has as many channels as the first group: it should always have 64.",
)
class EntranceOfTheFirstGroup(Network):
    def __init__(
        self,
        n_blocks_per_group=(3, 4, 6, 3),
        out_features_per_group=(64, 128, 256, 512),
        first_strides_per_group=(1, 2, 2, 2),
        n_classes=1000,
    ):
        super().__init__(n_blocks_per_group, out_features_per_group, first_strides_per_group, n_classes)
        width = out_features_per_group[0]
        self.body[0], self.body[1] = solutions.Conv2d(3, width, 7, 2, 3), solutions.BatchNorm2d(width)
        stride = first_strides_per_group[0]
        self.body[4] = solutions.BlockGroup(n_blocks_per_group[0], width, width, stride)


@mistake(
    "ResNet34",
    zh="`first_strides_per_group` 没有用上：第一组的步幅总是 1，其余总是 2。",
    en="`first_strides_per_group` isn't used: the first group always has a stride of 1, the others of 2.",
)
class FixedGroupStrides(Network):
    def __init__(
        self,
        n_blocks_per_group=(3, 4, 6, 3),
        out_features_per_group=(64, 128, 256, 512),
        first_strides_per_group=(1, 2, 2, 2),
        n_classes=1000,
    ):
        strides = [1, 2, 2, 2][: len(out_features_per_group)]
        super().__init__(n_blocks_per_group, out_features_per_group, strides, n_classes)


@mistake("ResNet34", zh="输入部分的卷积少了填充 3。", en="The stem's convolution lacks its padding of 3.")
class EntranceWithoutPadding(Ended):
    def change(self):
        set_padding(self.body[0], 0)


@mistake(
    "ResNet34",
    zh="输入部分的池化是 2×2：应为 3×3，步幅 2，填充 1。",
    en="The stem's pooling is 2×2: it should be 3×3, with stride 2 and padding 1.",
)
class PoolOfTwo(Ended):
    def change(self):
        self.body[3] = solutions.MaxPool2d(2, stride=2)


@mistake(
    "ResNet34",
    zh="各组没有登记（例如放进了普通的列表）：用 `Sequential`。",
    en="The groups aren't registered, as in a plain list: use `Sequential`.",
)
class GroupsInAList(Ended):
    def change(self):
        self.parts = list(self.body.children())
        entrance = nn.Sequential(*self.parts[:4])
        del self.body
        self.entrance = entrance
        head = self.head
        del self.head
        self.head = head

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return self.head(x)


@mistake(
    "ResNet34",
    zh="线性层登记在各组之前：顺序要与使用的相同。",
    en="The linear layer is registered before the groups: the order should be that in which they are used.",
)
class HeadBeforeTheGroups(Ended):
    def change(self):
        parts, head = list(self.body.children()), self.head
        del self.body, self.head
        self.entrance, self.head, self.groups = nn.Sequential(*parts[:4]), head, nn.Sequential(*parts[4:])

    def forward(self, x):
        return self.head(self.groups(self.entrance(x)))


@mistake(
    "ResNet34",
    zh="传入的列表被改动了：`insert` 和 `append` 会改动它，要造一个新的。",
    en="A list that was given has changed, as by `insert` or `append`: make a new one.",
)
class ChangesTheList(Network):
    def __init__(
        self,
        n_blocks_per_group=(3, 4, 6, 3),
        out_features_per_group=(64, 128, 256, 512),
        first_strides_per_group=(1, 2, 2, 2),
        n_classes=1000,
    ):
        super().__init__(n_blocks_per_group, out_features_per_group, first_strides_per_group, n_classes)
        if isinstance(out_features_per_group, list):
            out_features_per_group.insert(0, 64)


@mistake(
    "ResNet34",
    zh="每一组只有一块：块数是 `n_blocks_per_group`。",
    en="Each group has one block only: their numbers are `n_blocks_per_group`.",
)
class OneBlockEach(Network):
    def __init__(
        self,
        n_blocks_per_group=(3, 4, 6, 3),
        out_features_per_group=(64, 128, 256, 512),
        first_strides_per_group=(1, 2, 2, 2),
        n_classes=1000,
    ):
        super().__init__([1] * len(n_blocks_per_group), out_features_per_group, first_strides_per_group, n_classes)


@mistake("ResNet34", zh="最后一组没有用上。", en="The last group isn't used.")
class WithoutTheLastGroup(Ended):
    def change(self):
        self.body[-2] = nn.Identity()


@mistake(
    "copy_weights",
    zh="缓冲区没有搬：`running_mean` 还是旧的。",
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
    zh="两个网络共用内存，像 `p.data = q.data` 之后那样：要把值拷贝过去。",
    en="Both networks share their memory, as after `p.data = q.data`: copy the values.",
)
def shares_memory(mine, theirs):
    solutions.copy_weights(mine, theirs)
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        p.data = q.data
    return mine


@mistake(
    "copy_weights",
    zh="多出来的或少了的没有报错，例如 `zip` 没有 `strict=True`：先比较个数。",
    en="A missing or an extra layer raises no error, as where `zip` has no `strict=True`: compare the numbers of tensors first.",
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
    zh="个数或形状对不上时，报的不是 `ValueError`：例如 `load_state_dict` 报的是 `RuntimeError`。",
    en="Where the two don't fit, it raises something other than `ValueError`; `load_state_dict`, for example, raises a `RuntimeError`.",
)
def runtime_error(mine, theirs):
    try:
        return solutions.copy_weights(mine, theirs)
    except ValueError as error:
        raise RuntimeError(str(error)) from error


@mistake(
    "copy_weights",
    zh="两个网络合得上时也报了错：要按登记的顺序一一对应，不看名字。",
    en="It raises an error where the networks fit, too: go by the order of registration, whatever the names.",
)
def by_name(mine, theirs):
    mine.load_state_dict(theirs.state_dict())
    return mine


@mistake(
    "copy_weights",
    zh="两个网络合得上时也报了错：要按登记的顺序一一对应，不看名字，也不排序。",
    en="It raises an error where the networks fit, too: go by the order of registration, whatever the names, and don't sort.",
)
def sorted_by_name(mine, theirs):
    targets, sources = mine.state_dict(), theirs.state_dict()
    pairs = zip(sorted(targets), sorted(sources), strict=False)
    if len(targets) != len(sources) or any(targets[a].shape != sources[b].shape for a, b in pairs):
        raise ValueError("they differ")
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
    zh="`assign=True` 让 `mine` 拿走了 `theirs` 的张量：要把值拷进原来的参数。",
    en="As with `assign=True`, `mine` now holds the tensors of `theirs`: copy the values into the parameters that are there.",
)
def assigned(mine, theirs):
    solutions.copy_weights(copied(mine), theirs)
    mine.load_state_dict(dict(zip(mine.state_dict(), theirs.state_dict().values(), strict=True)), assign=True)
    return mine


@mistake(
    "copy_weights",
    zh="参数的 `requires_grad` 变了：只搬值。",
    en="It changes the parameters' `requires_grad`: move the values only.",
)
def all_ask(mine, theirs):
    return solutions.copy_weights(mine, theirs).requires_grad_()


@mistake(
    "copy_weights",
    zh="缓冲区没有搬，个数和形状也没有检查：用 `state_dict()`，先检查再搬。",
    en="The buffers weren't moved, and neither numbers nor shapes checked: use `state_dict()`, check first, then move.",
)
def zipped_parameters(mine, theirs):
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=False):
        p.data.copy_(q.data)
    return mine


@mistake(
    "copy_weights",
    zh="少了一层或多了一层都没有检查，形状不合时报的又不是 `ValueError`：搬之前先检查个数和形状。",
    en="A missing or an extra layer isn't noticed, and a wrong shape raises something other than `ValueError`: check number and shapes first.",
)
def loaded_unchecked(mine, theirs):
    values = dict(zip(mine.state_dict(), theirs.state_dict().values(), strict=False))
    mine.load_state_dict(values, strict=False)
    return mine


@mistake(
    "copy_weights",
    zh="个数或形状没有检查：`load_state_dict` 报的是 `RuntimeError`，而且多出来的值被悄悄忽略。",
    en="Number and shapes aren't checked: `load_state_dict` raises a `RuntimeError`, and values left over are ignored.",
)
def loaded_by_zip(mine, theirs):
    mine.load_state_dict(dict(zip(mine.state_dict(), theirs.state_dict().values(), strict=False)))
    return mine


@mistake(
    "copy_weights",
    zh="个数检查了，形状没有：形状不合时 `load_state_dict` 报 `RuntimeError`，而且已经搬了一半。",
    en="It checks the number but not the shapes: where one doesn't fit, `load_state_dict` raises a `RuntimeError`, with half of it moved.",
)
def shapes_unchecked(mine, theirs):
    mine.load_state_dict(dict(zip(mine.state_dict(), theirs.state_dict().values(), strict=True)))
    return mine


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
    en="Afterwards it is always in train mode: restore the mode it had before.",
)
def left_in_train(model, images):
    result = solutions.predict(model, images)
    model.train()
    return result


@mistake("predict", zh="这是 logits，不是概率：先 softmax。", en="Those are logits, not probabilities: softmax first.")
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
    zh="之后所有子模块都是同一个模式（`model.train(…)` 就是这样）：有的之前是另一个。",
    en="Afterwards all submodules are in one mode, as after `model.train(…)`: some were in the other before.",
)
def one_mode_for_all(model, images):
    was_training = model.training
    try:
        return solutions.predict(model, images)
    finally:
        model.train(was_training)


@mistake(
    "predict",
    zh="每一类模块只记了一个模式：同一类的两个模块可以各在一个模式，要逐个记。",
    en="It notes one mode for each class of module: two of one class may be in different modes, so note each module's.",
)
def one_mode_for_each_class(model, images):
    modes = {type(module): module.training for module in model.modules()}
    try:
        return solutions.predict(model, images)
    finally:
        for module in model.modules():
            module.training = modes[type(module)]


@mistake(
    "predict",
    zh="模型的错误没有传出去，被吞掉了：`finally` 里不要 `return`，`except` 之后要 `raise`。",
    en="The model's error doesn't go on to the caller: no `return` in a `finally`, and a `raise` after an `except`.",
)
def swallows_the_error(model, images):
    try:
        return solutions.predict(model, images)
    except Exception:
        return torch.zeros(len(images), dtype=torch.long), torch.zeros(len(images))


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
    "predict",
    zh="logits 很大时概率成了 NaN，像是 `exp` 溢出了：用 `softmax`。",
    en="For large logits the probability is NaN, as where `exp` overflows: use `softmax`.",
)
def exp_overflows(model, images):
    classes, _ = solutions.predict(model, images)
    modes = [(module, module.training) for module in model.modules()]
    with torch.no_grad():
        exp = model.eval()(images).exp()
    for module, training in modes:
        module.training = training
    return classes, (exp / exp.sum(dim=-1, keepdim=True)).amax(dim=-1)


def predicted(model, images, *, probabilities=lambda logits: logits.softmax(dim=-1), train_after=None):
    """As most learners write it at first, with the mode at the end that `train_after` says."""
    model.eval()
    with torch.no_grad():
        probs, classes = probabilities(model(images)).max(dim=-1)
    if train_after is not None:
        model.train(train_after)
    return classes, probs


@mistake(
    "predict",
    zh="之后总是 train 模式，模型报错之后却停在 eval 模式：恢复到之前的模式，放在 `finally` 里。",
    en="Afterwards it is always in train mode, and after an error in eval mode: restore the mode it had before, in a `finally`.",
)
def trains_afterwards(model, images):
    return predicted(model, images, train_after=True)


@mistake(
    "predict",
    zh="之后模型停在 eval 模式，返回的两样顺序也反了。",
    en="Afterwards the model is in eval mode, and the two results have changed places.",
)
def stuck_and_swapped(model, images):
    return predicted(model, images)[::-1]


@mistake(
    "predict",
    zh="返回的两样顺序反了；子模块的模式也没有各自恢复。",
    en="The two results have changed places; and the submodules' modes aren't each brought back.",
)
def swapped_in_one_mode(model, images):
    return predicted(model, images, train_after=model.training)[::-1]


@mistake(
    "predict",
    zh="这是 logits，不是概率：先 softmax。",
    en="Those are logits, not probabilities: softmax first.",
)
def best_logits(model, images):
    return restored(model, images, lambda logits: logits)


def restored(model, images, probabilities):
    modes = [(module, module.training) for module in model.modules()]
    try:
        return predicted(model, images, probabilities=probabilities)
    finally:
        for module, training in modes:
            module.training = training


@mistake(
    "predict",
    zh="这是 sigmoid：各类的概率之和要是 1，用 softmax。",
    en="That is a sigmoid: the probabilities of the classes add up to 1, use softmax.",
)
def by_sigmoid(model, images):
    return restored(model, images, torch.sigmoid)


@mistake(
    "predict",
    zh="除以的是 logits 之和：要先取指数，用 softmax。",
    en="It divides by the sum of the logits: take exponentials first, by softmax.",
)
def shares_of_logits(model, images):
    return restored(model, images, lambda logits: logits / logits.sum(dim=-1, keepdim=True))


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


@mistake(
    "SmallResNet",
    zh="各组都没有步幅：第二组和第三组的步幅是 2。",
    en="No group has a stride: the second and the third have 2.",
)
class SmallWithoutStride(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        for i in (4, 5):
            no_stride(first_block(self.body[i]))


class SmallStrided(Small):
    """A small ResNet with other strides."""

    strides = (1, 2, 2)

    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        widths = width, width, 2 * width, 4 * width
        for i, stride in enumerate(self.strides):
            self.body[3 + i] = solutions.BlockGroup(1, widths[i], widths[i + 1], stride)


@mistake(
    "SmallResNet",
    zh="第一组也带了步幅：只有后两组带。",
    en="The first group has a stride, too: only the last two should.",
)
class SmallStrideEverywhere(SmallStrided):
    strides = (2, 2, 2)


@mistake("SmallResNet", zh="第二组少了步幅 2。", en="The second group lacks its stride of 2.")
class SmallSecondWithoutStride(SmallStrided):
    strides = (1, 1, 2)


@mistake("SmallResNet", zh="第三组少了步幅 2。", en="The third group lacks its stride of 2.")
class SmallThirdWithoutStride(SmallStrided):
    strides = (1, 2, 1)


@mistake("SmallResNet", zh="输入部分的卷积少了填充 1。", en="The stem's convolution lacks its padding of 1.")
class SmallWithoutPadding(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        set_padding(self.body[0], 0)


@mistake(
    "SmallResNet",
    zh="输入部分的卷积带了步幅 2：这里没有步幅。",
    en="The stem's convolution has a stride of 2: here it has none.",
)
class SmallEntranceStride(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        set_stride(self.body[0], 2)


@mistake("SmallResNet", zh="`n_classes` 没有用上。", en="`n_classes` isn't used.")
class SmallAlwaysTen(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(10, width)


@mistake(
    "SmallResNet",
    zh="第三组是 `3 * width` 个通道：要 `4 * width`。",
    en="The third group has `3 * width` channels: it should have `4 * width`.",
)
class SmallThreeTimes(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        self.body[5] = solutions.BlockGroup(1, 2 * width, 3 * width, 2)
        self.head = solutions.Linear(3 * width, n_classes)


@mistake(
    "SmallResNet",
    zh="少了平均池化：线性层的输入是 `4 * width` 个数，与图像的大小无关。",
    en="The average pooling is missing: the linear layer takes `4 * width` numbers, whatever the size of the image.",
)
class SmallWithoutAverage(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        self.body[6] = nn.Flatten()
        self.head = solutions.Linear(16 * width, n_classes)


@mistake(
    "SmallResNet",
    zh="平均池化不在 `body` 里：`body` 的输出应当是 `batch c`。",
    en="The average pooling isn't part of `body`, whose output should be `batch c`.",
)
class SmallAverageOutside(Small):
    without = 6

    def forward(self, x):
        return self.head(self.body(x).mean(dim=(2, 3)))


@mistake(
    "SmallResNet",
    zh="每一组有两块：这里每组只有一块。",
    en="Each group has two blocks: here it has one.",
)
class SmallTwoBlocks(Small):
    def __init__(self, n_classes=10, width=16):
        super().__init__(n_classes, width)
        for i, (c_in, c_out, stride) in enumerate(((1, 1, 1), (1, 2, 2), (2, 4, 2))):
            self.body[3 + i] = solutions.BlockGroup(2, c_in * width, c_out * width, stride)


@mistake("SmallResNet", zh="没有给出 `width` 时它应是 16。", en="Without a `width` it should be 16.")
class SmallOtherDefault(Small):
    def __init__(self, n_classes=10, width=32):
        super().__init__(n_classes, width)


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
