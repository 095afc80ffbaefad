"""The wrong answers of day 2's first lesson, each explained in a sentence."""

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

from coach import mistake
from part2_cnns import solutions
from part2_cnns.solutions import Classifier

# Modules


@mistake("ReLU", zh="这是绝对值：负的应当变成 0。", en="That is the absolute value: what is negative becomes 0.")
class Absolute(nn.Module):
    def forward(self, x):
        return x.abs()


@mistake(
    "ReLU",
    zh="它改动了输入：别人可能还要用它。",
    en="It changes its input: someone may still need it.",
)
class InPlace(nn.Module):
    def forward(self, x):
        return x.relu_()


@mistake(
    "ReLU",
    zh="`NaN` 变成了 0，错误就此隐身：`x > 0` 对 `NaN` 是 `False`，反过来问 `x <= 0`。",
    en="`NaN` became 0, which hides a fault: `x > 0` is `False` for it; ask `x <= 0` instead.",
)
class LosesNaN(nn.Module):
    def forward(self, x):
        return torch.where(x > 0, x, 0)


@mistake(
    "ReLU",
    zh="在 0 处梯度成了 1/2（`maximum` 把它平分给两边）：应为 0。",
    en="At 0 the gradient is 1/2 (`maximum` splits it between both sides): it should be 0.",
)
class SplitsTheGradient(nn.Module):
    def forward(self, x):
        return torch.maximum(x, torch.zeros_like(x))


@mistake("ReLU", zh="负的应当变成 0，不是变小。", en="What is negative should become 0, not smaller.")
class Leaky(nn.Module):
    def forward(self, x):
        return torch.where(x <= 0, 0.01 * x, x)


@mistake(
    "ReLU",
    zh=r"$-\infty$ 变成了 `NaN`（它乘以 0 就是 `NaN`）：要选，不要乘。",
    en=r"$-\infty$ becomes `NaN`, as it does times 0: choose, don't multiply.",
)
class TimesMask(nn.Module):
    def forward(self, x):
        return x * (x > 0)


@mistake("ReLU", zh="大的数被截断了：正的应当不变。", en="Large values are cut off: what is positive should stay.")
class CutOff(nn.Module):
    def forward(self, x):
        return x.clamp(0, 6)


@mistake("ReLU", zh="颠倒了：留下的应是正的。", en="That is upside down: the positive values should stay.")
class UpsideDown(nn.Module):
    def forward(self, x):
        return torch.where(x >= 0, 0, x)


@mistake(
    "ReLU",
    zh="结果与输入断开了（`detach`、`.data`、NumPy 都会这样），梯度到不了输入。",
    en="The result is cut off from the input (as by `detach`, `.data` or NumPy): no gradient gets through.",
)
class CutOffTheGraph(nn.Module):
    def forward(self, x):
        return torch.where(x.detach() <= 0, 0, x.detach())


@mistake(
    "ReLU",
    zh="接近 0 的负数没有变：小于 0 的都要变成 0。",
    en="Negative values near 0 stay: whatever is below 0 becomes 0.",
)
class WithAThreshold(nn.Module):
    def forward(self, x):
        return torch.where(x < -0.5, 0, x)


@mistake(
    "ReLU",
    zh="负的变成了正的极小数，应当恰好是 0。",
    en="What is negative becomes a tiny positive number: it should be 0.",
)
class TinyForZero(nn.Module):
    def forward(self, x):
        return torch.where(x <= 0, 1e-3, x)


@mistake(
    "ReLU",
    zh="在 0 处梯度原样通过：应为 0，所以连 0 也要换掉，`x <= 0`，不是 `x < 0`。",
    en="At 0 the gradient passes: it should be 0, so replace 0 as well, `x <= 0` and not `x < 0`.",
)
class PassesAtZero(nn.Module):
    def forward(self, x):
        return torch.where(x < 0, 0, x)


@mistake(
    "ReLU", zh="很小的正数变成了 0：只有负的才变。", en="Small positive values became 0: only what is negative does."
)
class LosesSmallValues(nn.Module):
    def forward(self, x):
        return torch.where(x <= 1e-4, 0, x)


@mistake("ReLU", zh="`relu` 是现成的：这里要自己写。", en="`relu` is ready-made: here you write it yourself.")
class ReadyMadeReLU(nn.Module):
    def forward(self, x):
        return F.relu(x)


@mistake(
    "Linear",
    zh="`weight` 的形状是 `d_out d_in`：第一维是输出。",
    en="`weight` has the shape `d_out d_in`: outputs come first.",
)
class WeightTransposed(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


@mistake(
    "Linear",
    zh="偏置没有登记：普通的张量不是参数，用 `nn.Parameter`。",
    en="The bias isn't registered: a plain tensor is no parameter; use `nn.Parameter`.",
)
class PlainBias(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        values = self.bias
        del self.bias
        self.bias = values.data if values is not None else None


@mistake("Linear", zh="`forward` 忘了加偏置。", en="`forward` forgets the bias.")
class WithoutBias(solutions.Linear):
    def forward(self, x):
        return x @ self.weight.T


@mistake("Linear", zh="`bias=False` 没有起作用：偏置还在。", en="`bias=False` has no effect: there still is a bias.")
class AlwaysBias(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features)


def started(layer, change):
    """`change` done to each parameter of `layer`, or to the one that it is."""
    with torch.no_grad():
        for p in [layer] if isinstance(layer, nn.Parameter) else layer.parameters():
            change(p)


@mistake(
    "Linear",
    zh="初始值取自标准正态：太大了，输出的方差会长到 $d_{in}$ 倍。",
    en="It begins with a standard normal: too large, the output's variance grows by $d_{in}$.",
)
class NormalStart(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self, lambda p: p.normal_())


@mistake(
    "Linear",
    zh="初始值都是正的：要从 $-b$ 到 $b$ 均匀地取。",
    en="All first values are positive: draw evenly from $-b$ to $b$.",
)
class PositiveStart(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self, lambda p: p.abs_())


@mistake(
    "Linear",
    zh="权重和偏置的界里用了输出的个数：应是输入，$1/\\sqrt{d_{in}}$。",
    en="The bound of weight and bias counts the outputs: count the inputs, $1/\\sqrt{d_{in}}$.",
)
class BoundByOutputs(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self, lambda p: p.mul_(math.sqrt(in_features / out_features)))


@mistake("Linear", zh="偏置每个输出一个，不是每个输入一个。", en="There is a bias for each output, not for each input.")
class BiasOfInputs(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        self.bias = nn.Parameter(torch.zeros(in_features)) if bias else None


@mistake("Linear", zh="偏置从 0 开始：它也要均匀地抽取。", en="The bias begins at 0: it is drawn uniformly too.")
class ZeroBias(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        if self.bias is not None:
            started(self.bias, torch.zero_)


@mistake(
    "Linear",
    zh=r"权重和偏置的界都漏了根号：是 $1/\sqrt{d_{in}}$。",
    en=r"The bound of weight and bias lacks its root: it is $1/\sqrt{d_{in}}$.",
)
class BoundWithoutRoot(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self, lambda p: p.div_(math.sqrt(in_features)))


@mistake(
    "Linear",
    zh="`weight` 没有登记：普通的张量不是参数，用 `nn.Parameter`。",
    en="`weight` isn't registered: a plain tensor is no parameter; use `nn.Parameter`.",
)
class PlainWeight(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        values = self.weight.data
        del self.weight
        self.weight = values


@mistake(
    "Linear",
    zh="每一层都一样：`__init__` 里不要设种子。",
    en="All layers are alike: `__init__` must not set the seed.",
)
class SeedsItself(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        torch.manual_seed(0)
        super().__init__(in_features, out_features, bias)


class BoundedApart(solutions.Linear):
    """A linear layer whose weight and bias begin uniformly, within these bounds."""

    bounds: Any = None

    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        for p, bound in zip(self.parameters(), self.bounds(in_features, out_features), strict=False):
            started(p, lambda p, bound=bound: p.uniform_(-bound, bound))


def right(n):
    return 1 / math.sqrt(n)


@mistake(
    "Linear",
    zh=r"偏置的界里用了输出的个数：与权重一样，是 $1/\sqrt{d_{in}}$。",
    en=r"The bound of the bias counts the outputs: as for the weight, it is $1/\sqrt{d_{in}}$.",
)
class BiasByOutputs(BoundedApart):
    bounds = lambda self, d_in, d_out: (right(d_in), right(d_out))  # noqa: E731


@mistake(
    "Linear",
    zh=r"权重的界里用了输出的个数：是 $1/\sqrt{d_{in}}$；偏置的是对的。",
    en=r"The bound of the weight counts the outputs: it is $1/\sqrt{d_{in}}$; that of the bias is right.",
)
class WeightByOutputs(BoundedApart):
    bounds = lambda self, d_in, d_out: (right(d_out), right(d_in))  # noqa: E731


@mistake(
    "Linear",
    zh=r"权重比应有的小得多，偏置从 0 开始：两者的界都是 $1/\sqrt{d_{in}}$，与输出的个数无关。",
    en=r"The weight is much too small, and the bias begins at 0: the bound of both is $1/\sqrt{d_{in}}$, whatever the number of outputs.",
)
class ByBoth(BoundedApart):
    bounds = lambda self, d_in, d_out: (math.sqrt(6 / (d_in + d_out)), 0)  # noqa: E731


@mistake(
    "Linear",
    zh=r"权重比应有的小得多：取值范围是 $\pm1/\sqrt{d_{in}}$，与输出的个数无关。",
    en=r"The weight is much too small: its bound is $1/\sqrt{d_{in}}$, whatever the number of outputs.",
)
class WeightByBoth(BoundedApart):
    bounds = lambda self, d_in, d_out: (math.sqrt(6 / (d_in + d_out)), right(d_in))  # noqa: E731


@mistake(
    "Linear",
    zh=r"权重的界大了约 $\sqrt 6$ 倍（`kaiming_uniform_` 的默认界是 $\sqrt{6/d_{in}}$）：是 $1/\sqrt{d_{in}}$。",
    en=r"The bound of the weight is about $\sqrt 6$ times too large (by default that of `kaiming_uniform_` is $\sqrt{6/d_{in}}$): it is $1/\sqrt{d_{in}}$.",
)
class SixTimesTheVariance(BoundedApart):
    bounds = lambda self, d_in, d_out: (math.sqrt(6 / d_in), right(d_in))  # noqa: E731


@mistake(
    "Linear",
    zh=r"权重的界大了约 $\sqrt 6$ 倍，偏置从 0 开始：两者的界都是 $1/\sqrt{d_{in}}$。",
    en=r"The bound of the weight is about $\sqrt 6$ times too large, and the bias begins at 0: the bound of both is $1/\sqrt{d_{in}}$.",
)
class SixTimesAndZero(BoundedApart):
    bounds = lambda self, d_in, d_out: (math.sqrt(6 / d_in), 0)  # noqa: E731


@mistake(
    "Linear",
    zh=r"初始值只铺满了一半的范围：从 $-1/\sqrt{d_{in}}$ 到 $1/\sqrt{d_{in}}$，宽是界的两倍。",
    en=r"The first values fill half of the range: from $-1/\sqrt{d_{in}}$ to $1/\sqrt{d_{in}}$ it is twice the bound.",
)
class HalfTheRange(BoundedApart):
    bounds = lambda self, d_in, d_out: (right(d_in) / 2, right(d_in) / 2)  # noqa: E731


@mistake(
    "Linear",
    zh=r"权重的标准差约为 $1/\sqrt{d_{in}}$，分布却是正态的：要均匀分布，$1/\sqrt{d_{in}}$ 是它的界。",
    en=r"The weight has a standard deviation of about $1/\sqrt{d_{in}}$, but is normal: it should be uniform, with $1/\sqrt{d_{in}}$ as its bound.",
)
class NormalByTheBound(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self.weight, lambda p: p.normal_(std=right(in_features)))


@mistake(
    "Linear",
    zh=r"权重和偏置的标准差约为 $1/\sqrt{d_{in}}$，分布却是正态的：要均匀分布，$1/\sqrt{d_{in}}$ 是它的界。",
    en=r"Weight and bias have a standard deviation of about $1/\sqrt{d_{in}}$, but are normal: they should be uniform, with $1/\sqrt{d_{in}}$ as their bound.",
)
class BothNormalByTheBound(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self, lambda p: p.normal_(std=right(in_features)))


@mistake(
    "Linear",
    zh=r"权重的标准差约为 $1/\sqrt{d_{in}}$，分布却是正态的，偏置从 0 开始：两者都要均匀分布，$1/\sqrt{d_{in}}$ 是界。",
    en=r"The weight is normal with a standard deviation of about $1/\sqrt{d_{in}}$, and the bias begins at 0: both should be uniform, with $1/\sqrt{d_{in}}$ as their bound.",
)
class NormalAndZero(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self, lambda p: p.normal_(std=right(in_features)) if p.ndim > 1 else p.zero_())


@mistake(
    "Linear",
    zh="初始值从 0 到 1（`torch.rand` 就是这样）：要从 $-b$ 到 $b$ 均匀地取。",
    en="The first values run from 0 to 1 (as those of `torch.rand`): draw evenly from $-b$ to $b$.",
)
class FromZeroToOne(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        started(self, lambda p: p.uniform_(0, 1))


@mistake(
    "Linear",
    zh="`bias=False` 时报了错：让 `self.bias` 是 None，`forward` 里先看一看。",
    en="With `bias=False` it fails: let `self.bias` be None, and look at it in `forward`.",
)
class FailsWithoutBias(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        if not bias:
            del self.bias


@mistake(
    "Linear",
    zh="`weight` 得不到梯度：`forward` 里不要用 `.data` 或 `detach()`。",
    en="No gradient reaches `weight`: don't use `.data` or `detach()` in `forward`.",
)
class WeightDetached(solutions.Linear):
    def forward(self, x):
        y = x @ self.weight.detach().T
        return y if self.bias is None else y + self.bias


@mistake(
    "Linear",
    zh="有的输入不是二维就报错：最后一维之前可以有任意多维，也可以没有。",
    en="It fails on inputs that haven't two axes: before the last there may be any number of axes, or none.",
)
class MatricesOnly(solutions.Linear):
    def forward(self, x):
        y = x.mm(self.weight.t())
        return y if self.bias is None else y + self.bias


@mistake(
    "Linear",
    zh="输入多于两维时不对：对最后一维做 `x @ weight.T`，批次的各维不动。",
    en="It is wrong where the input has more than two axes: `x @ weight.T` works on the last, and leaves those of the batch alone.",
)
class TransposesAll(solutions.Linear):
    def forward(self, x):
        y = (self.weight @ x.permute(*range(x.ndim - 1, -1, -1))).permute(*range(x.ndim - 1, -1, -1))
        return y if self.bias is None else y + self.bias


@mistake(
    "Linear",
    zh="偏置是从 `weight` 抄来的：它的每个元素也要*自己*抽。",
    en="The bias repeats numbers of `weight`: draw each of its entries, too, *on its own*.",
)
class BiasOfTheWeight(solutions.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        if self.bias is not None:
            self.bias = nn.Parameter(self.weight.detach()[:, 0].clone())


@mistake("Linear", zh="漏了转置：$xW^\\top$。", en="The transpose is missing: $xW^\\top$.")
class Untransposed(solutions.Linear):
    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


@mistake("Linear", zh="`F.linear` 是现成的：这里要自己写。", en="`F.linear` is ready-made: here you write it yourself.")
class ReadyMadeLinear(solutions.Linear):
    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


@mistake(
    "Flatten",
    zh="批次也被展平了：默认从第 1 维开始。",
    en="The batch was flattened too: by default it begins at axis 1.",
)
class FlattensAll(solutions.Flatten):
    def forward(self, x):
        return x.reshape(-1)


@mistake("Flatten", zh="`end_dim` 那一维也要并进去。", en="The axis `end_dim` is to be merged as well.")
class EndExcluded(solutions.Flatten):
    def forward(self, x):
        start, end = self.start_dim % x.ndim, self.end_dim % x.ndim
        return x.reshape(*x.shape[:start], -1, *x.shape[max(end, start + 1) :])


@mistake(
    "Flatten", zh="`end_dim` 被忽略了：它总是展平到最后。", en="`end_dim` is ignored: it always flattens to the end."
)
class IgnoresTheEnd(solutions.Flatten):
    def forward(self, x):
        return x.flatten(self.start_dim)


@mistake(
    "Flatten",
    zh="`end_dim` 为 -1 时不对（那时 `x.shape[start : end + 1]` 是空的）：先把负的维数换成正的。",
    en="It is wrong where `end_dim` is -1, for which `x.shape[start : end + 1]` is empty: first turn negative axes into positive ones.",
)
class NegativeEnd(solutions.Flatten):
    def forward(self, x):
        start, end = self.start_dim, self.end_dim
        return x.reshape(*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :])


@mistake(
    "Flatten",
    zh="在不连续的输入上报了错（`view` 就是这样）：`reshape` 在必要时会拷贝。",
    en="It fails on an input that isn't contiguous, as `view` does: `reshape` copies where it must.",
)
class ByView(solutions.Flatten):
    def forward(self, x):
        start, end = self.start_dim % x.ndim, self.end_dim % x.ndim
        return x.view(*x.shape[:start], -1, *x.shape[end + 1 :])


@mistake(
    "Flatten",
    zh="`start_dim` 和 `end_dim` 都被忽略了：它总是只留下批次。",
    en="`start_dim` and `end_dim` are ignored: it always leaves nothing but the batch.",
)
class BatchOnly(solutions.Flatten):
    def forward(self, x):
        return x.reshape(len(x), -1)


@mistake(
    "Flatten",
    zh="换了维数不同的输入就不对，像是第一次调用改写了 `start_dim` 或 `end_dim`：它们要留着不动。",
    en="It is wrong on a later input with another number of axes, as if the first call overwrote `start_dim` or `end_dim`: leave those alone.",
)
class Remembers(solutions.Flatten):
    def forward(self, x):
        self.start_dim, self.end_dim = self.start_dim % x.ndim, self.end_dim % x.ndim
        return super().forward(x)


@mistake(
    "Flatten",
    zh="`start_dim` 被忽略了：它总是从第 1 维开始。",
    en="`start_dim` is ignored: it always begins at axis 1.",
)
class IgnoresTheStart(solutions.Flatten):
    def forward(self, x):
        return x.flatten(1, self.end_dim) if self.end_dim % x.ndim else x


@mistake(
    "Flatten", zh="`x.flatten` 是现成的：这里要自己写。", en="`x.flatten` is ready-made: here you write it yourself."
)
class ReadyMadeFlatten(solutions.Flatten):
    def forward(self, x):
        return x.flatten(self.start_dim, self.end_dim)


@mistake("Flatten", zh="`start_dim` 那一维也要并进去。", en="The axis `start_dim` is to be merged as well.")
class StartExcluded(solutions.Flatten):
    def forward(self, x):
        start, end = self.start_dim % x.ndim + 1, self.end_dim % x.ndim
        return x.reshape(*x.shape[:start], -1, *x.shape[max(end + 1, start) :])


@mistake(
    "SimpleMLP", zh="没有 ReLU：两个线性层等于一个。", en="There is no ReLU: two linear layers make no more than one."
)
class NoReLU(solutions.SimpleMLP):
    def forward(self, x):
        return self.linear2(self.linear1(self.flatten(x)))


@mistake(
    "SimpleMLP",
    zh="最后一层之后不要 ReLU：logits 可以是负的。",
    en="No ReLU after the last layer: logits may be negative.",
)
class ReLUAtTheEnd(solutions.SimpleMLP):
    def forward(self, x):
        return self.relu(super().forward(x))


@mistake("SimpleMLP", zh="没有展平：图像不是一行数。", en="It doesn't flatten: an image is no row of numbers.")
class NotFlattened(solutions.SimpleMLP):
    def forward(self, x):
        return self.linear2(self.relu(self.linear1(x)))


@mistake("SimpleMLP", zh="隐藏层的大小写死了：用 `d_hidden`。", en="The hidden layer's size is fixed: use `d_hidden`.")
class FixedSizes(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(d_in, 100, d_out)


@mistake("SimpleMLP", zh="这是 sigmoid：中间要 ReLU。", en="That is a sigmoid: a ReLU is wanted in between.")
class WithSigmoid(solutions.SimpleMLP):
    def forward(self, x):
        return self.linear2(self.linear1(self.flatten(x)).sigmoid())


@mistake(
    "SimpleMLP",
    zh="最后不要 softmax：返回的是 logits。",
    en="No softmax at the end: logits are wanted.",
)
class SoftmaxAtTheEnd(solutions.SimpleMLP):
    def forward(self, x):
        return super().forward(x).softmax(dim=-1)


@mistake(
    "SimpleMLP",
    zh="ReLU 要在两个线性层之间，不是在它们之前。",
    en="The ReLU stands between the linear layers, not before them.",
)
class ReLUFirst(solutions.SimpleMLP):
    def forward(self, x):
        return self.linear2(self.linear1(self.relu(self.flatten(x))))


@mistake(
    "SimpleMLP",
    zh="两层的登记顺序反了：要与使用的顺序相同。",
    en="The two layers are registered in the wrong order: it should be that in which they are used.",
)
class RegisteredBackwards(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(d_in, d_hidden, d_out)
        first = self.linear1
        del self.linear1
        self.linear1 = first


@mistake(
    "SimpleMLP",
    zh="在不连续的输入上报了错（`view` 就是这样）：用 `reshape` 或你的 `Flatten`。",
    en="It fails on an input that isn't contiguous (as `view` does): use `reshape`, or your `Flatten`.",
)
class MLPByView(solutions.SimpleMLP):
    def forward(self, x):
        return self.linear2(self.relu(self.linear1(x.view(len(x), -1))))


@mistake("SimpleMLP", zh="这是 tanh：中间要 ReLU。", en="That is a tanh: a ReLU is wanted in between.")
class WithTanh(solutions.SimpleMLP):
    def forward(self, x):
        return self.linear2(self.linear1(self.flatten(x)).tanh())


@mistake(
    "SimpleMLP",
    zh="三个大小都写死了：用 `d_in`、`d_hidden`、`d_out`。",
    en="All sizes are fixed: use `d_in`, `d_hidden` and `d_out`.",
)
class AllSizesFixed(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(64, 100, 10)


@mistake("SimpleMLP", zh="输出的大小写死了：用 `d_out`。", en="The number of outputs is fixed: use `d_out`.")
class FixedOutputs(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(d_in, d_hidden, 10)


@mistake("SimpleMLP", zh="输入的大小写死了：用 `d_in`。", en="The number of inputs is fixed: use `d_in`.")
class FixedInputs(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(64, d_hidden, d_out)


@mistake(
    "SimpleMLP",
    zh="多了一个隐藏层：只要两个线性层。",
    en="There is a hidden layer too many: two linear layers are enough.",
)
class ThreeLayers(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(d_in, d_hidden, d_out)
        self.linear2 = nn.Sequential(solutions.Linear(d_hidden, d_hidden), solutions.ReLU(), self.linear2)


@mistake(
    "SimpleMLP",
    zh="只有一个线性层：要两个，中间是 `d_hidden`。",
    en="There is one linear layer only: two are wanted, with `d_hidden` in between.",
)
class OneLayer(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        nn.Module.__init__(self)
        self.linear1 = solutions.Linear(d_in, d_out)

    def forward(self, x):
        return self.linear1(x.flatten(1))


@mistake(
    "SimpleMLP",
    zh="它的线性层没有登记（例如放进了普通的列表）：把它们赋给 `self`。",
    en="Its linear layers aren't registered (as if in a plain list): assign them to `self`.",
)
class Unregistered(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(d_in, d_hidden, d_out)
        self.layers = [self.linear1, self.linear2]
        del self.linear1, self.linear2

    def forward(self, x):
        first, second = self.layers
        return second(self.relu(first(self.flatten(x))))


@mistake("SimpleMLP", zh="线性层少了偏置。", en="The linear layers lack their biases.")
class NoBiases(solutions.SimpleMLP):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__(d_in, d_hidden, d_out)
        self.linear1, self.linear2 = (
            solutions.Linear(d_in, d_hidden, False),
            solutions.Linear(d_hidden, d_out, bias=False),
        )


@mistake(
    "Sequential",
    zh="放进列表的模块没有登记：参数都丢了。用 `self.add_module`。",
    en="Modules in a list aren't registered: their parameters are lost. Use `self.add_module`.",
)
class PlainList(nn.Module):
    def __init__(self, *modules):
        super().__init__()
        self.layers = list(modules)

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return self.layers[index]

    def __setitem__(self, index, module):
        self.layers[index] = module

    def name_of(self, index):
        return str(range(len(self))[index])

    def forward(self, x):
        for module in self.layers:
            x = module(x)
        return x


@mistake("Sequential", zh='名字应当是 `"0"`、`"1"`……', en='The names should be `"0"`, `"1"` and so on.')
class OtherNames(solutions.Sequential):
    def __init__(self, *modules):
        super().__init__()
        for i, module in enumerate(modules):
            self.add_module(f"layer{i}", module)

    def name_of(self, index):
        return f"layer{super().name_of(index)}"


@mistake(
    "Sequential",
    zh='模块放在一个 `ModuleList` 里，名字前面就多了一段：要登记在 `"0"`、`"1"` 之下，用 `self.add_module`。',
    en='The modules stand under longer names, as in a `ModuleList` of its own: register them as `"0"`, `"1"`, by `self.add_module`.',
)
class InModuleList(nn.Module):
    def __init__(self, *modules):
        super().__init__()
        self.layers = nn.ModuleList(modules)

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return self.layers[index]

    def __setitem__(self, index, module):
        self.layers[index] = module

    def name_of(self, index):
        return str(range(len(self))[index])

    def forward(self, x):
        for module in self.layers:
            x = module(x)
        return x


@mistake("Sequential", zh='名字从 `"1"` 数起：要从 `"0"`。', en='The names count from `"1"`: begin at `"0"`.')
class NamesFromOne(solutions.Sequential):
    def __init__(self, *modules):
        super().__init__()
        for i, module in enumerate(modules, 1):
            self.add_module(str(i), module)

    def name_of(self, index):
        return str(int(super().name_of(index)) + 1)


@mistake(
    "Sequential",
    zh="每个模块都拿到了原来的 `x`：要接着上一个的输出。",
    en="Each module gets the first `x`: give it what the last one returned.",
)
class NotChained(solutions.Sequential):
    def forward(self, x):
        y = x
        for module in self:
            y = module(x)
        return y


@mistake("Sequential", zh="负的下标从末尾数起。", en="Negative indices count from the end.")
class NoNegativeIndex(solutions.Sequential):
    def name_of(self, index):
        if not 0 <= index < len(self):
            raise IndexError(f"Sequential[{index}]: out of range")
        return str(index)


@mistake(
    "Sequential",
    zh="越界的下标绕了回来：`3 % 3` 是 0；先检查，再报 IndexError。",
    en="An index out of range comes round again: `3 % 3` is 0; check first, and raise IndexError.",
)
class WrapsAround(solutions.Sequential):
    def name_of(self, index):
        return str(index % len(self)) if len(self) else ""


@mistake(
    "Sequential",
    zh="过大的下标会报 IndexError，太小的却绕了回来：`-4` 也越界。",
    en="An index too large raises IndexError, but one too small comes round again: `-4` is out of range as well.",
)
class TooSmallWraps(solutions.Sequential):
    def name_of(self, index):
        if index >= len(self):
            raise IndexError(index)
        return str(index % len(self))


@mistake(
    "Sequential",
    zh="越界报的不是 `IndexError`：下标为 `-4` 时也要检查。",
    en="Out of range it raises something else than `IndexError`: check an index of `-4` too.",
)
class OneSideUnchecked(solutions.Sequential):
    def name_of(self, index):
        if index >= len(self):
            raise IndexError(index)
        return str(index + len(self) if index < 0 else index)


@mistake(
    "Sequential",
    zh="最小的下标 `-len(self)` 也在范围之内。",
    en="The smallest index, `-len(self)`, is within the range, too.",
)
class LowerEndExcluded(solutions.Sequential):
    def name_of(self, index):
        if not -len(self) < index < len(self):
            raise IndexError(index)
        return str(index % len(self))


@mistake(
    "Sequential",
    zh='`name_of` 给出的是数：名字是字符串，`"0"`。',
    en='`name_of` gives a number: a name is a string, `"0"`.',
)
class NumberForName(solutions.Sequential):
    def name_of(self, index):
        return int(super().name_of(index))

    def __getitem__(self, index):
        return self._modules[str(self.name_of(index))]

    def __setitem__(self, index, module):
        self._modules[str(self.name_of(index))] = module


@mistake(
    "Sequential",
    zh="`name_of` 没有换算负的下标：`-1` 的名字是最后一个的。",
    en="`name_of` doesn't convert negative indices: the name for `-1` is that of the last one.",
)
class NameOfNegative(solutions.Sequential):
    def name_of(self, index):
        return str(index)

    def __getitem__(self, index):
        return list(self._modules.values())[index]

    def __setitem__(self, index, module):
        self._modules[solutions.Sequential.name_of(self, index)] = module


@mistake(
    "Sequential",
    zh='负的下标赋值时，添了一个名叫 `"-1"` 的新模块：先换成正的。',
    en='An assignment at a negative index adds a module named `"-1"`: make the index positive first.',
)
class AssignsNegativeNames(solutions.Sequential):
    def __setitem__(self, index, module):
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        self.add_module(str(index), module)


@mistake(
    "Sequential",
    zh="一个模块也没有时，`forward` 报了错：输入就是输出。",
    en="Without any module `forward` fails: it returns its input.",
)
class FailsWhenEmpty(solutions.Sequential):
    def forward(self, x):
        y = self[0](x)
        for i in range(1, len(self)):
            y = self[i](y)
        return y


@mistake(
    "Sequential", zh="赋值添了一个新模块，没有换掉旧的。", en="An assignment adds a module, and leaves the old one."
)
class Appends(solutions.Sequential):
    def __setitem__(self, index, module):
        self.add_module(str(len(self)), module)


@mistake(
    "Sequential",
    zh="放了好几次的模块只用了一次（`children()` 对它们只给一次）：前向要按下标走。",
    en="A module that stands in several places is used only once, as `children()` gives it: in `forward` go by the indices.",
)
class ForwardByChildren(solutions.Sequential):
    def forward(self, x):
        for module in self.children():
            x = module(x)
        return x


@mistake(
    "Sequential",
    zh="`len` 漏数了重复的模块：`children()` 对它们只给一次。",
    en="`len` misses repeated modules: `children()` gives each only once.",
)
class LengthByChildren(solutions.Sequential):
    def __len__(self):
        return len(list(self.children()))

    def forward(self, x):
        for module in self._modules.values():
            x = module(x)  # type: ignore
        return x


@mistake(
    "Sequential",
    zh="赋值没有检查下标：越界要报 IndexError。",
    en="The assignment doesn't check its index: out of range, raise IndexError.",
)
class AssignsAnywhere(solutions.Sequential):
    def __setitem__(self, index, module):
        self.add_module(str(index + len(self) if index < 0 else index), module)


@mistake(
    "Sequential",
    zh="赋值换掉了这个模块所在的每个位置：只换给出的那一个位置。",
    en="The assignment exchanges the module in every place that holds it: exchange the given place alone.",
)
class AssignsToEveryPlace(solutions.Sequential):
    def __setitem__(self, index, module):
        old = self[index]
        for name, held in list(self._modules.items()):
            if held is old:
                self._modules[name] = module


@mistake(
    "Sequential",
    zh="负的下标没有换算，越界也没有检查，报的是 `KeyError`：先检查，再换成正的。",
    en="Negative indices aren't converted, nor is the range checked, and it raises `KeyError`: check first, then make them positive.",
)
class TakesTheIndexAsItIs(solutions.Sequential):
    def name_of(self, index):
        return str(index)

    def __getitem__(self, index):
        return self._modules[str(index)]

    def __setitem__(self, index, module):
        self._modules[str(index)] = module

    def forward(self, x):
        for module in self._modules.values():
            x = module(x)  # type: ignore
        return x


@mistake(
    "Sequential",
    zh="赋值时越界的下标绕了回来，换掉了别的模块：先检查，再报 IndexError。",
    en="In an assignment an index out of range comes round again, and replaces another module: check first, and raise IndexError.",
)
class AssignsAround(solutions.Sequential):
    def __setitem__(self, index, module):
        self.add_module(str(index % len(self)), module)


@mistake(
    "Sequential",
    zh="越界时取出报的是 `KeyError`，赋值却添了一个模块：两处都要先检查，再报 IndexError。",
    en="Out of range, reading raises `KeyError`, and an assignment adds a module: check first in both, and raise IndexError.",
)
class Unchecked(solutions.Sequential):
    def name_of(self, index):
        return str(index + len(self) if index < 0 else index)

    def __getitem__(self, index):
        return self._modules[self.name_of(index)]

    def __setitem__(self, index, module):
        self._modules[self.name_of(index)] = module

    def forward(self, x):
        for module in self._modules.values():
            x = module(x)  # type: ignore
        return x


@mistake(
    "Sequential",
    zh="模块上的钩子没有叫到：用 `module(x)`，不用 `module.forward(x)`。",
    en="Hooks of the modules aren't called: use `module(x)`, not `module.forward(x)`.",
)
class CallsForward(solutions.Sequential):
    def forward(self, x):
        for module in self:
            x = module.forward(x)
        return x


@mistake(
    "Sequential",
    zh="越界报的是 `KeyError`：应是 `IndexError`。",
    en="Out of range it raises `KeyError`: `IndexError` is wanted.",
)
class RaisesKeyError(solutions.Sequential):
    def name_of(self, index):
        name = str(index + len(self) if index < 0 else index)
        if name not in self._modules:
            raise KeyError(name)
        return name

    def forward(self, x):
        for module in self._modules.values():
            x = module(x)  # type: ignore
        return x


@mistake(
    "Sequential",
    zh=r"有 10 个以上的模块时顺序不对，像是名字按字母排了序：`\"10\"` 在 `\"9\"` 之后。",
    en=r"With more than ten modules their order is wrong, as if the names were sorted as words: `\"10\"` comes after `\"9\"`.",
)
class SortedNames(solutions.Sequential):
    def forward(self, x):
        for name in sorted(self._modules):
            x = self._modules[name](x)  # type: ignore
        return x


@mistake("Sequential", zh="最后一个模块没有用上。", en="The last module isn't used.")
class WithoutTheLast(solutions.Sequential):
    def forward(self, x):
        for i in range(len(self) - 1):
            x = self[i](x)
        return x


@mistake(
    "Sequential",
    zh="它继承了 `nn.Sequential`：这里要自己写。",
    en="It inherits from `nn.Sequential`: here you write that yourself.",
)
class Inherited(nn.Sequential):
    def name_of(self, index):
        return str(range(len(self))[index])


class Dropping(solutions.Dropout):
    """A dropout with a choice of faults; `by_keeping` compares its lots with the probability to keep."""

    by_keeping = False

    def kept(self, x, shape=None):
        lots = torch.rand(x.shape if shape is None else shape, dtype=x.dtype)
        return lots < 1 - self.p if self.by_keeping else lots >= self.p

    def scale(self):
        return 1 / (1 - self.p) if self.p < 1 else 0.0

    def forward(self, x):
        return x * self.kept(x) * self.scale() if self.training and self.p > 0 else x


def dropping(name, zh, en):
    """Registers a fault twice: once for each way in which learners draw their lots."""

    def register(written):
        for suffix, by_keeping in (("", False), ("ByKeeping", True)):
            kind = type(name + suffix, (written,), {"by_keeping": by_keeping, "__module__": __name__})
            mistake("Dropout", zh=zh, en=en)(kind)
        return written

    return register


@dropping("NotScaled", "留下的没有放大：期望变小了。", "What stays isn't scaled up: the expectation shrinks.")
class _NotScaled(Dropping):
    def scale(self):
        return 1.0


@dropping(
    "AlwaysDrops", "推理时也在丢弃：先看 `self.training`。", "It drops in inference too: look at `self.training`."
)
class _AlwaysDrops(Dropping):
    def forward(self, x):
        return x * self.kept(x) * self.scale()


@dropping(
    "KeepsWithP",
    "$p$ 是丢弃的概率，不是留下的：留下的份额和放大的倍数都颠倒了。",
    "$p$ is the probability to drop, not to keep: share and scale are the wrong way round.",
)
class _KeepsWithP(Dropping):
    def __init__(self, p=0.5):
        super().__init__(p)
        self.p = 1 - p


@dropping(
    "SharesSwapped",
    "留下的份额是 $p$：$p$ 是丢弃的概率；放大的倍数是对的。",
    "The share that stays is $p$, which is the probability to drop; the scale is right.",
)
class _SharesSwapped(Dropping):
    def kept(self, x, shape=None):
        return ~super().kept(x, shape)


@dropping("DividesByP", "应当除以 $1-p$，不是 $p$。", "Divide by $1-p$, not by $p$.")
class _DividesByP(Dropping):
    def scale(self):
        return 1 / self.p


@dropping(
    "MultipliesByKept",
    "乘了 $1-p$：留下的要除以它。",
    "It multiplies by $1-p$: what stays is to be divided by it.",
)
class _MultipliesByKept(Dropping):
    def scale(self):
        return 1 - self.p


@dropping(
    "DropsRows",
    "第 1 维上的元素一起丢了：每个元素都要自己抽签。",
    "Along axis 1 all elements are dropped together: each element draws its own lot.",
)
class _DropsRows(Dropping):
    def kept(self, x, shape=None):
        return super().kept(x, x[:, :1].shape)


@dropping(
    "OneMaskForAll",
    "同一批的每一个都丢了同样的元素：每个元素都要自己抽签。",
    "It drops the same elements in all of the batch: each element draws its own lot.",
)
class _OneMaskForAll(Dropping):
    def kept(self, x, shape=None):
        return super().kept(x, x[0].shape)


@dropping(
    "LotsPerColumn",
    "只沿最后一维抽了签，前面各维都一样：每个元素都要自己抽签。",
    "There are lots along the last axis only, the same for all before it: each element draws its own.",
)
class _LotsPerColumn(Dropping):
    def kept(self, x, shape=None):
        return super().kept(x, x.shape[-1:])


@dropping(
    "LotsPerImage",
    "每张图只抽了一次签，整张留下或丢掉：每个元素都要自己抽签。",
    "There is one lot for each image, which stays or goes as a whole: each element draws its own.",
)
class _LotsPerImage(Dropping):
    def kept(self, x, shape=None):
        return super().kept(x, (len(x), *[1] * (x.ndim - 1)))


@dropping(
    "OneLotForAll",
    "只抽了一次签，全部留下或全部丢掉：每个元素都要自己抽签。",
    "There is a single lot, and all stay or all go: each element draws its own.",
)
class _OneLotForAll(Dropping):
    def kept(self, x, shape=None):
        return super().kept(x, (1,) * x.ndim)


@dropping(
    "DividesByZero",
    "$p=1$ 时得到 NaN 或无穷，像是除以了 0：结果应当全是 0。",
    "With $p=1$ there is NaN or infinity, as after a division by 0: the result should be zeros.",
)
class _DividesByZero(Dropping):
    def forward(self, x):
        return x * self.kept(x) / (1 - self.p) if self.training else x


@dropping(
    "FailsAtOne",
    "$p=1$ 时报了错，例如 `1 / (1 - p)` 除以了 0：结果应当全是 0。",
    "With $p=1$ it fails, as where `1 / (1 - p)` divides by 0: the result should be zeros.",
)
class _FailsAtOne(Dropping):
    def scale(self):
        return 1 / (1 - self.p)


@dropping(
    "NoGraphAtOne",
    "$p=1$ 时结果与输入断开了（`zeros_like` 就是这样），反向报错：让它是输入的 0 倍，梯度才是 0。",
    "With $p=1$ the result is cut off from the input (as by `zeros_like`), and `backward` fails: as 0 times the input it has a gradient of zeros.",
)
class _NoGraphAtOne(Dropping):
    def forward(self, x):
        return torch.zeros_like(x) if self.training and self.p == 1 else super().forward(x)


@dropping(
    "StaysAtOne",
    "$p=1$ 时什么也没丢：结果应当全是 0。",
    "With $p=1$ nothing is dropped: the result should be zeros.",
)
class _StaysAtOne(Dropping):
    def forward(self, x):
        return x if self.p == 1 else super().forward(x)


@dropping(
    "AnyProbability",
    "$p$ 可以是任何数：0 与 1 之外的要报 ValueError。",
    "Any $p$ is accepted: outside of 0 to 1, raise ValueError.",
)
class _AnyProbability(Dropping):
    def __init__(self, p=0.5):
        super().__init__(min(max(p, 0), 1))
        self.p = p


@dropping(
    "NotFromBelow",
    "负的 $p$ 没有报错：0 与 1 之外的都要报 ValueError。",
    "A negative $p$ raises nothing: outside of 0 to 1, raise ValueError.",
)
class _NotFromBelow(Dropping):
    def __init__(self, p=0.5):
        super().__init__(max(p, 0))


@dropping(
    "NotFromAbove",
    "大于 1 的 $p$ 没有报错：0 与 1 之外的都要报 ValueError。",
    "A $p$ above 1 raises nothing: outside of 0 to 1, raise ValueError.",
)
class _NotFromAbove(Dropping):
    def __init__(self, p=0.5):
        super().__init__(min(p, 1))


@dropping(
    "ByAssert",
    "$p$ 不是概率时报的不是 `ValueError`：`assert` 报的是 `AssertionError`。",
    "Where $p$ is no probability it raises something else than `ValueError`: an `assert` raises `AssertionError`.",
)
class _ByAssert(Dropping):
    def __init__(self, p=0.5):
        assert 0 <= p <= 1
        super().__init__(p)


@dropping(
    "OpenInterval",
    "0 和 1 也是概率：只有区间之外才报错。",
    "0 and 1 are probabilities too: only outside of them is there an error.",
)
class _OpenInterval(Dropping):
    def __init__(self, p=0.5):
        if not 0 < p < 1:
            raise ValueError(f"Dropout(p={p})")
        super().__init__(p)


@dropping(
    "OneExcluded",
    "1 也是概率：$p=1$ 时结果全是 0，不报错。",
    "1 is a probability, too: with $p=1$ the result is zeros, and there is no error.",
)
class _OneExcluded(Dropping):
    def __init__(self, p=0.5):
        if not 0 <= p < 1:
            raise ValueError(f"Dropout(p={p})")
        super().__init__(p)


@dropping("DropsInPlace", "它改动了输入：不要用 `*=`。", "It changes its input: don't use `*=`.")
class _DropsInPlace(Dropping):
    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        x *= self.kept(x)
        x *= self.scale()
        return x


@dropping(
    "ZeroesInPlace",
    "它把输入里的元素变成了 0：先复制，或者用乘法。",
    "It puts zeros into its input: copy it first, or multiply.",
)
class _ZeroesInPlace(Dropping):
    def forward(self, x):
        if not self.training or self.p in (0, 1):
            return super().forward(x)
        x *= self.kept(x)
        return x * self.scale()


@dropping(
    "AlwaysFloat32",
    "float64 的输入得到了 float32：结果的 dtype 与输入相同。",
    "A float64 input gives float32: the result has the dtype of the input.",
)
class _AlwaysFloat32(Dropping):
    def forward(self, x):
        return super().forward(x).float()


@dropping(
    "Float32InTraining",
    "训练时 float64 的输入得到了 float32：结果的 dtype 与输入相同。",
    "In training a float64 input gives float32: the result has the dtype of the input.",
)
class _Float32InTraining(Dropping):
    def forward(self, x):
        return super().forward(x).float() if self.training and 0 < self.p < 1 else super().forward(x)


@dropping(
    "DropsAllInEval",
    "$p=1$ 时推理也得到了 0：推理时什么也不做，先看 `self.training`。",
    "With $p=1$ there are zeros in inference, too: look at `self.training` first, and do nothing in inference.",
)
class _DropsAllInEval(Dropping):
    def forward(self, x):
        return 0 * x if self.p == 1 else super().forward(x)


@dropping(
    "ScalesInEval",
    "推理时乘了 $1-p$：要在训练时放大，推理时什么也不做。",
    "It multiplies by $1-p$ in inference: scale up in training instead, and do nothing in inference.",
)
class _ScalesInEval(Dropping):
    def forward(self, x):
        return x * self.kept(x) if self.training else x * (1 - self.p)


@dropping(
    "AsksForGradients",
    "`torch.no_grad()` 之下它什么也不丢：由 `self.training` 决定，与记不记计算图无关。",
    "Under `torch.no_grad()` it drops nothing: `self.training` decides, and not whether a graph is recorded.",
)
class _AsksForGradients(Dropping):
    def forward(self, x):
        return super().forward(x) if torch.is_grad_enabled() else x


@mistake(
    "Dropout",
    zh="每次都丢同样的元素：每次调用要重新抽签。",
    en="It drops the same elements each time: each call draws anew.",
)
class SameEachTime(solutions.Dropout):
    def forward(self, x):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return super().forward(x)


@mistake(
    "Dropout",
    zh="每次丢掉的个数都一样：每个元素*各自*抽签，个数就会变。",
    en="It drops the same number each time: where each element draws its *own* lot the number varies.",
)
class ExactlySoMany(solutions.Dropout):
    def forward(self, x):
        if not self.training or self.p in (0, 1):
            return super().forward(x)
        kept = torch.ones(x.numel(), dtype=x.dtype)
        kept[torch.randperm(x.numel())[: round(self.p * x.numel())]] = 0
        return x * kept.reshape(x.shape) / (1 - self.p)


@mistake(
    "Dropout",
    zh="同一行里丢掉的个数都一样：每个元素*各自*抽签，个数就会变。",
    en="It drops the same number in each row: where each element draws its *own* lot the number varies.",
)
class ExactlySoManyInARow(solutions.Dropout):
    def forward(self, x):
        if not self.training or self.p in (0, 1):
            return super().forward(x)
        places = torch.rand_like(x).argsort(dim=-1).argsort(dim=-1)
        return x * (places >= round(self.p * x.shape[-1])) / (1 - self.p)


@mistake(
    "Dropout",
    zh="种子相同，抽签却不同，像是用了 NumPy 的随机数：要用 torch 的，`torch.manual_seed` 才管得到。",
    en="The same seed gives other lots, as with random numbers of NumPy's: use torch's, which `torch.manual_seed` governs.",
)
class LotsOfNumPy(solutions.Dropout):
    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        kept = torch.from_numpy(np.random.rand(*x.shape)) >= self.p
        return x * kept * (1 / (1 - self.p) if self.p < 1 else 0.0)


@mistake(
    "Dropout", zh="`F.dropout` 是现成的：这里要自己写。", en="`F.dropout` is ready-made: here you write it yourself."
)
class ReadyMadeDropout(solutions.Dropout):
    def forward(self, x):
        return F.dropout(x, self.p, self.training)


@mistake(
    "Embedding",
    zh="`weight` 每个整数一行：形状是 `num_embeddings embedding_dim`。",
    en="`weight` has a row for each integer: its shape is `num_embeddings embedding_dim`.",
)
class ColumnsForRows(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(embedding_dim, num_embeddings))

    def forward(self, x):
        return self.weight.T[x]


@mistake("Embedding", zh="整数从 0 数起：不要减 1。", en="The integers count from 0: don't subtract 1.")
class CountsFromOne(solutions.Embedding):
    def forward(self, x):
        return self.weight[x - 1]


@mistake(
    "Embedding",
    zh="初始值的均值和标准差是对的，分布却不是正态的。",
    en="The first values have the right mean and standard deviation, but they aren't normal.",
)
class UniformStart(solutions.Embedding):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__(num_embeddings, embedding_dim)
        started(self, lambda p: p.uniform_(-math.sqrt(3), math.sqrt(3)))


@mistake(
    "Embedding", zh="初始值全是 0：要取自标准正态。", en="All rows begin at 0: draw them from the standard normal."
)
class ZeroStart(solutions.Embedding):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__(num_embeddings, embedding_dim)
        started(self, lambda p: p.zero_())


@mistake(
    "Embedding",
    zh="梯度到不了 `weight`，像是查了 `.data` 或 `detach` 过的表：查 `weight` 自己。",
    en="No gradient reaches `weight`, as if `.data` or something detached were looked up: look up `weight` itself.",
)
class LooksUpData(solutions.Embedding):
    def forward(self, x):
        return self.weight.data[x]


@mistake(
    "Embedding",
    zh="`weight` 换成 float64 之后就报错：例如独热向量，要与 `weight` 的 dtype 相同。",
    en="With a float64 `weight` it fails: one-hot rows, say, need the dtype of `weight`.",
)
class OneHotInFloat32(solutions.Embedding):
    def forward(self, x):
        return F.one_hot(x, len(self.weight)).to(torch.float32) @ self.weight


@mistake(
    "Embedding",
    zh="`x` 没有维（一个数）时报了错：`x` 可以是任何形状。",
    en="It fails where `x` has no axes, a single number: `x` may have any shape.",
)
class FailsOnASingleNumber(solutions.Embedding):
    def forward(self, x):
        return torch.stack([self.weight[i] for i in x])


@mistake(
    "Embedding",
    zh="`x` 多于一维时报了错：`x` 可以是任何形状。",
    en="It fails where `x` has more than one axis: `x` may have any shape.",
)
class OneAxisOnly(solutions.Embedding):
    def forward(self, x):
        return self.weight.index_select(0, x)


@mistake(
    "Embedding",
    zh="`x` 里没有最大的整数时就报错：独热向量的长度应是 `num_embeddings`，不由最大的 `x` 决定。",
    en="It fails unless the largest integer is in `x`: one-hot rows have the length `num_embeddings`, whatever the largest `x`.",
)
class OneHotTooShort(solutions.Embedding):
    def forward(self, x):
        return F.one_hot(x).to(self.weight) @ self.weight


@mistake(
    "Embedding",
    zh="形状不对：结果的形状是 `x` 的形状再加一维。",
    en="The shape is wrong: that of the result is the shape of `x` and one axis more.",
)
class FlattensTheBatch(solutions.Embedding):
    def forward(self, x):
        return self.weight[x.reshape(-1)]


@mistake(
    "Embedding",
    zh="`weight` 没有登记：普通的张量不是参数，用 `nn.Parameter`。",
    en="`weight` isn't registered: a plain tensor is no parameter; use `nn.Parameter`.",
)
class PlainTable(solutions.Embedding):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__(num_embeddings, embedding_dim)
        values = self.weight.data
        del self.weight
        self.weight = values


@mistake(
    "Embedding",
    zh="初始值从 0 到 1 均匀分布：应取自标准正态，`torch.randn`。",
    en="It begins evenly from 0 to 1: draw from the standard normal, `torch.randn`.",
)
class FromZeroToOneTable(solutions.Embedding):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__(num_embeddings, embedding_dim)
        started(self, lambda p: p.uniform_(0, 1))


@mistake(
    "Embedding",
    zh="所有的行一开始都相同：每个元素各自抽取。",
    en="All rows are alike at first: draw each element on its own.",
)
class OneRowForAll(solutions.Embedding):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__(num_embeddings, embedding_dim)
        started(self, lambda p: p.copy_(torch.randn(embedding_dim).expand_as(p)))


@mistake("Embedding", zh="新的一维要在最后。", en="The new axis comes last.")
class AxisFirst(solutions.Embedding):
    def forward(self, x):
        return self.weight[x].movedim(-1, 0)


def scaled_table(scale):
    class ScaledStart(solutions.Embedding):
        def __init__(self, num_embeddings, embedding_dim):
            super().__init__(num_embeddings, embedding_dim)
            started(self, lambda p: p.mul_(scale))

    ScaledStart.__name__ = f"ScaledBy{scale}".replace(".", "_")
    return ScaledStart


for scale in (0.5, 0.1, 0.05, 0.02, 0.01):
    mistake(
        "Embedding",
        zh="初始值太小了：标准正态不必再缩放。",
        en="It begins too small: the standard normal isn't scaled.",
    )(scaled_table(scale))


@mistake(
    "Embedding",
    zh="`F.embedding` 是现成的：这里要自己写。",
    en="`F.embedding` is ready-made: here you write it yourself.",
)
class ReadyMadeEmbedding(solutions.Embedding):
    def forward(self, x):
        return F.embedding(x, self.weight)


class Normalised(solutions.LayerNorm):
    """A layer norm with a choice of faults."""

    correction, only_last, outside = 0, False, False

    def forward(self, x):
        dims = (-1,) if self.only_last else self.dims
        var, mean = torch.var_mean(x, dim=dims, correction=self.correction, keepdim=True)
        scale = var.sqrt() + self.eps if self.outside else (var + self.eps).sqrt()
        return (x - mean) / scale * self.weight + self.bias


@mistake("LayerNorm", zh="方差除以了 $n-1$：用 `correction=0`。", en="The variance is over $n-1$: use `correction=0`.")
class UnbiasedVariance(Normalised):
    correction = 1


@mistake(
    "LayerNorm",
    zh="只在最后一维上归一化：`normalized_shape` 可以有好几维。",
    en="It normalises the last axis only: `normalized_shape` may have several.",
)
class LastAxisOnly(Normalised):
    only_last = True


@mistake(
    "LayerNorm",
    zh=r"$\epsilon$ 加在了标准差上：它在根号里面。",
    en=r"$\epsilon$ was added to the standard deviation: it stands under the root.",
)
class EpsilonOutside(Normalised):
    outside = True


@mistake("LayerNorm", zh="`weight` 和 `bias` 没有用上。", en="`weight` and `bias` are never used.")
class NotAffine(solutions.LayerNorm):
    def forward(self, x):
        var, mean = torch.var_mean(x, dim=self.dims, correction=0, keepdim=True)
        return (x - mean) / (var + self.eps).sqrt() + 0 * (self.weight + self.bias)


@mistake("LayerNorm", zh="在批次那一维上归一化，那是批归一化。", en="It normalises over the batch: that is batch norm.")
class OverTheBatch(solutions.LayerNorm):
    def forward(self, x):
        var, mean = torch.var_mean(x, dim=0, correction=0, keepdim=True)
        return (x - mean) / (var + self.eps).sqrt() * self.weight + self.bias


@mistake(
    "LayerNorm",
    zh="漏了根号：要除以标准差，不是方差。",
    en="The root is missing: divide by the standard deviation, not by the variance.",
)
class WithoutRoot(solutions.LayerNorm):
    def forward(self, x):
        var, mean = torch.var_mean(x, dim=self.dims, correction=0, keepdim=True)
        return (x - mean) / (var + self.eps) * self.weight + self.bias


@mistake("LayerNorm", zh="没有减去均值。", en="The mean isn't subtracted.")
class WithoutMean(solutions.LayerNorm):
    def forward(self, x):
        var = x.var(dim=self.dims, correction=0, keepdim=True)
        return x / (var + self.eps).sqrt() * self.weight + self.bias


@mistake(
    "LayerNorm",
    zh="归一化的是最前面几维：要最后几维。",
    en="It normalises the first axes: take the last ones.",
)
class FirstAxes(solutions.LayerNorm):
    def forward(self, x):
        dims = tuple(range(self.weight.ndim))
        var, mean = torch.var_mean(x, dim=dims, correction=0, keepdim=True)
        return (x - mean) / (var + self.eps).sqrt() * self.weight + self.bias


@mistake(
    "LayerNorm",
    zh="先加了 `bias`，后乘 `weight`：顺序相反。",
    en="It adds `bias` before it scales by `weight`: the other way round.",
)
class ShiftsFirst(solutions.LayerNorm):
    def forward(self, x):
        var, mean = torch.var_mean(x, dim=self.dims, correction=0, keepdim=True)
        return ((x - mean) / (var + self.eps).sqrt() + self.bias) * self.weight


@mistake(
    "LayerNorm",
    zh=r"均值很大时精度丢了，像 $E[x^2]-\mu^2$ 那样（两个大数之差）：先减去均值，再平方。",
    en=r"Where the mean is large digits are lost, as in $E[x^2]-\mu^2$, the small difference of large numbers: first subtract the mean, then square.",
)
class LosesDigits(solutions.LayerNorm):
    def forward(self, x):
        mean = x.mean(self.dims, keepdim=True)
        var = (x**2).mean(self.dims, keepdim=True) - mean**2
        return (x - mean) / (var.clamp(min=0) + self.eps).sqrt() * self.weight + self.bias


@mistake(
    "LayerNorm",
    zh="`normalized_shape` 是一个数时报了错：它可以是一个数，也可以是好几个。",
    en="It fails where `normalized_shape` is a number: it may be one, or several.",
)
class SequencesOnly(solutions.LayerNorm):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__(tuple(normalized_shape), eps)  # type: ignore


@mistake(
    "LayerNorm",
    zh="`normalized_shape` 有好几个数时报了错：它可以是列表，也可以是元组。",
    en="It fails where `normalized_shape` has several numbers: it may be a list or a tuple.",
)
class NumbersOnly(solutions.LayerNorm):
    def __init__(self, normalized_shape, eps=1e-5):
        if not isinstance(normalized_shape, int):
            raise TypeError(normalized_shape)
        super().__init__(normalized_shape, eps)


@mistake(
    "LayerNorm",
    zh="`normalized_shape` 是列表时报了错：它可以是列表，也可以是元组。",
    en="It fails where `normalized_shape` is a list: it may be a list or a tuple.",
)
class TuplesOnly(solutions.LayerNorm):
    def __init__(self, normalized_shape, eps=1e-5):
        if isinstance(normalized_shape, list):
            raise TypeError(normalized_shape)
        super().__init__(normalized_shape, eps)


@mistake(
    "LayerNorm",
    zh=r"`std` 除以 $n-1$，而且 $\epsilon$ 加在了它上面：方差除以 $n$，$\epsilon$ 在根号里面。",
    en=r"`std` is over $n-1$, and $\epsilon$ is added to it: the variance is over $n$, and $\epsilon$ stands under the root.",
)
class StdPlusEpsilon(Normalised):
    correction, outside = 1, True


@mistake(
    "LayerNorm",
    zh="`weight` 和 `bias` 只有最后一维：它们的形状是 `normalized_shape`。",
    en="`weight` and `bias` have the last axis only: their shape is `normalized_shape`.",
)
class LastAxisOfParameters(solutions.LayerNorm):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__(normalized_shape, eps)
        n = self.normalized_shape[-1]
        self.weight, self.bias = nn.Parameter(torch.ones(n)), nn.Parameter(torch.zeros(n))


@mistake("LayerNorm", zh="`weight` 乘了，`bias` 没有加。", en="`weight` is used, but `bias` isn't added.")
class NotShifted(solutions.LayerNorm):
    def forward(self, x):
        return super().forward(x) - self.bias


@mistake("LayerNorm", zh="`bias` 加了，`weight` 没有乘。", en="`bias` is added, but nothing is scaled by `weight`.")
class NotRescaled(solutions.LayerNorm):
    def forward(self, x):
        var, mean = torch.var_mean(x, dim=self.dims, correction=0, keepdim=True)
        return (x - mean) / (var + self.eps).sqrt() + self.bias


@mistake("LayerNorm", zh="`weight` 应从 1 开始，不是随机的。", en="`weight` begins at 1, not at random.")
class RandomScale(solutions.LayerNorm):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__(normalized_shape, eps)
        started(self.weight, lambda p: p.normal_())


@mistake(
    "LayerNorm",
    zh="`F.layer_norm` 是现成的：这里要自己写。",
    en="`F.layer_norm` is ready-made: here you write it yourself.",
)
class ReadyMadeLayerNorm(solutions.LayerNorm):
    def forward(self, x):
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)


@mistake(
    "LayerNorm",
    zh=r"少了 $\epsilon$：方差为 0 时就除以了 0。",
    en=r"$\epsilon$ is missing: where the variance is 0 it divides by 0.",
)
class WithoutEpsilon(solutions.LayerNorm):
    def forward(self, x):
        var, mean = torch.var_mean(x, dim=self.dims, correction=0, keepdim=True)
        return (x - mean) / var.sqrt() * self.weight + self.bias


@mistake(
    "LayerNorm",
    zh="给出的 `eps` 没有用上，总是 $10^{-5}$。",
    en="The `eps` that is given isn't used: it is always $10^{-5}$.",
)
class FixedEpsilon(solutions.LayerNorm):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__(normalized_shape)


@mistake(
    "LayerNorm",
    zh="梯度没有经过均值和方差，像是它们被 `detach` 了：也要经过它们。",
    en="The gradient doesn't pass through mean and variance, as if they were detached: it should.",
)
class DetachedNorm(solutions.LayerNorm):
    def forward(self, x):
        var, mean = torch.var_mean(x.detach(), dim=self.dims, correction=0, keepdim=True)
        return (x - mean) / (var + self.eps).sqrt() * self.weight + self.bias


# The ladder


def negative(logits, labels):
    return -F.cross_entropy(logits, labels)


def summed(logits, labels):
    return F.cross_entropy(logits, labels, reduction="sum")


def softmaxed(logits, labels):
    return F.cross_entropy(logits.softmax(dim=-1), labels)


def naive(logits, labels):
    return (logits.exp().sum(dim=-1).log() - logits[torch.arange(len(labels)), labels]).mean()


def written_out(logits, labels):
    return (logits.logsumexp(dim=-1) - logits[torch.arange(len(labels)), labels]).mean()


def climbed(rung, x, y, weight, bias, lr, batch_size, epochs, *, loss_of=None, clear="step", update="down", **faults):
    """The ladder's loop, with the tools of that rung, and a choice of faults."""
    loss_of = loss_of or (written_out if rung == 1 else F.cross_entropy)
    begin = weight, bias
    model, parameters, optimizer = set_up(rung, *begin, lr, **faults)
    size = faults.get("batches_of", {"all": len(x), "one": 1}.get(faults.get("batches", ""), batch_size))
    losses = []
    for _ in range(1 if faults.get("one_epoch") else epochs):
        if faults.get("starts_over"):
            model, parameters, optimizer = set_up(rung, *begin, lr, **faults)
        batches = DataLoader(TensorDataset(x, y), size) if rung == 5 else zip(x.split(size), y.split(size), strict=True)
        batches, of_the_epoch = list(batches), []
        whole = len(x) // size
        drop = faults.get("drop_last")
        for xb, yb in batches[:whole] if drop and (whole or drop != "of several") else batches:
            loss = loss_of(model(xb), yb)
            if faults.get("divides_by_batch_size"):
                loss = loss * len(yb) / batch_size
            if clear == "late":
                optimizer.step()  # type: ignore
                optimizer.zero_grad()  # type: ignore
            loss.backward()
            if clear != "late" and update != "never":
                stepped(parameters, optimizer, lr, update)
            if clear == "step":
                cleared(parameters)
            of_the_epoch.append(loss_of(model(xb), yb).detach() if faults.get("after") else loss.detach())
        if clear == "epoch":
            cleared(parameters)
        losses += told(of_the_epoch, faults.get("per_epoch"))
    if faults.get("a_list"):
        return losses
    if faults.get("graph"):
        return torch.stack(losses).requires_grad_()
    return torch.tensor(losses) if faults.get("drop_last") == "always" else torch.stack(losses)


def set_up(rung, weight, bias, lr, *, shared=False, only="", **faults):
    """A model, the parameters that are updated, and from rung 4 on an optimiser."""
    given = (weight, bias) if shared else (weight.clone(), bias.clone())
    if rung < 3:
        w, b = (nn.Parameter(p) if rung == 2 else p.detach().requires_grad_() for p in given)
        if shared and rung == 1:
            w, b = weight.requires_grad_(), bias.requires_grad_()
        model, parameters = (lambda x: x @ w.T + b), [w, b]
    else:
        model = Classifier(weight, bias)
        parameters = list(model.parameters())
    if only:
        parameters = parameters[:1] if only == "weight" else parameters[1:]
    lr = faults.get("fixed_lr", lr)
    return model, parameters, torch.optim.SGD(parameters, lr) if rung > 3 else None


def stepped(parameters, optimizer, lr, update):
    for p in parameters:
        if optimizer is None:
            p.data -= -lr * p.grad if update == "up" else lr * p.grad
        elif update == "up":
            p.grad.neg_()
    if optimizer is not None:
        optimizer.step()


def cleared(parameters):
    for p in parameters:
        p.grad = None


def told(losses, what):
    """Of the losses of one epoch: all, the mean, or the last."""
    if not losses or what is None:
        return losses
    return [torch.stack(losses).mean()] if what == "mean" else losses[-1:]


LADDER: list[tuple[str, str, str, str, dict[str, Any]]] = [
    (
        "accumulated",
        "12345",
        "梯度没有清掉，一步步累加起来。",
        "The gradients are never cleared, and pile up from step to step.",
        {"clear": "never"},
    ),
    (
        "cleared_each_epoch",
        "1234",
        "梯度每一轮才清一次：每一步之后都要清。",
        "The gradients are cleared once in each epoch: clear them after each step.",
        {"clear": "epoch"},
    ),
    (
        "uphill",
        "1234",
        "往上走了：减去梯度，不是加上。",
        "It climbs the hill: subtract the gradient, don't add it.",
        {"update": "up"},
    ),
    (
        "not_updated",
        "123",
        "参数从头到尾没有变，什么也没学：`p = p - lr * p.grad` 只造了新的张量，要改动 `p` 自己。",
        "The parameters never change, and nothing is learned: `p = p - lr * p.grad` makes a new tensor; change `p` itself.",
        {"update": "never"},
    ),
    (
        "not_updated",
        "45",
        "参数从头到尾没有变，什么也没学：`step` 要在 `backward` 之后，`zero_grad` 不能夹在它们之间。",
        "The parameters never change, and nothing is learned: `step` comes after `backward`, and no `zero_grad` between them.",
        {"update": "never"},
    ),
    (
        "a_step_late",
        "4",
        "每一步用的是上一批的梯度：先 `backward`，再 `step`。",
        "Each step uses the gradient of the batch before: first `backward`, then `step`.",
        {"clear": "late"},
    ),
    (
        "drop_last",
        "1234",
        "最后不满的一批漏掉了；`batch_size` 大于样本数时一批也不剩，于是报了错。",
        "The last, smaller batch is missing; where `batch_size` is larger than the data no batch is left, and it fails.",
        {"drop_last": "fails"},
    ),
    (
        "drop_all",
        "12345",
        "最后不满的一批漏掉了；`batch_size` 大于样本数时一批也不剩。",
        "The last, smaller batch is missing; where `batch_size` is larger than the data, no batch is left.",
        {"drop_last": "always"},
    ),
    (
        "drop_last_of_several",
        "12345",
        "有好几批时，最后不满的一批漏掉了。",
        "Where there are several batches, the last, smaller one is missing.",
        {"drop_last": "of several"},
    ),
    (
        "after",
        "1234",
        "记下的是更新之后的损失：要更新之前的。",
        "It notes the loss after the step: take the one before.",
        {"after": True},
    ),
    (
        "weight_only",
        "12345",
        "只更新了 `weight`，忘了 `bias`。",
        "Only `weight` is updated, and `bias` forgotten.",
        {"only": "weight"},
    ),
    (
        "bias_only",
        "12345",
        "只更新了 `bias`，忘了 `weight`。",
        "Only `bias` is updated, and `weight` forgotten.",
        {"only": "bias"},
    ),
    (
        "starts_over",
        "12345",
        "每一轮都从头开始：拷贝或模型应在两个循环之外造出来。",
        "Each epoch starts over: make the copies, or the model, outside of both loops.",
        {"starts_over": True},
    ),
    (
        "one_epoch",
        "12345",
        "只走了一轮：`epochs` 没有用上。",
        "It runs for one epoch only: `epochs` isn't used.",
        {"one_epoch": True},
    ),
    (
        "summed",
        "12345",
        "这是一批损失之和：要取平均。",
        "That is the sum over the batch: take the mean.",
        {"loss_of": summed},
    ),
    (
        "divided_by_batch_size",
        "1234",
        "损失之和除以了 `batch_size`：最后一批小一些，要除以这一批的个数。",
        "The sum of the losses is divided by `batch_size`: the last batch is smaller, so divide by how many are in it.",
        {"divides_by_batch_size": True},
    ),
    (
        "epoch_means",
        "12345",
        "每一步一个损失，不是每一轮一个平均。",
        "There is a loss for each step, not a mean for each epoch.",
        {"per_epoch": "mean"},
    ),
    (
        "last_of_each_epoch",
        "12345",
        "每一轮只记下了最后一步的损失：每一步都要记。",
        "Of each epoch only the last step's loss is noted: note each step's.",
        {"per_epoch": "last"},
    ),
    (
        "softmax_twice",
        "2345",
        "`F.cross_entropy` 要的是 logits，不是 softmax 之后的概率。",
        "`F.cross_entropy` wants logits, not the probabilities after a softmax.",
        {"loss_of": softmaxed},
    ),
    (
        "negative",
        "1",
        "损失的符号反了，于是往上走：$\\log\\sum_j e^{z_j} - z_y$ 不会是负的。",
        "The loss has the wrong sign, and so it climbs: $\\log\\sum_j e^{z_j} - z_y$ is never negative.",
        {"loss_of": negative},
    ),
    (
        "overflows",
        "1",
        "logits 很大时 `exp` 溢出了：用 `logsumexp`，或者先减去最大值。",
        "`exp` overflows for large logits: use `logsumexp`, or subtract the largest first.",
        {"loss_of": naive},
    ),
    (
        "ready_made",
        "1",
        "交叉熵要自己写：这里不用 `F.cross_entropy`。",
        "Write the cross-entropy yourself: without `F.cross_entropy` here.",
        {"loss_of": F.cross_entropy},
    ),
    (
        "all_in_one_batch",
        "12345",
        "没有分批：每一步都用了所有的样本。",
        "There are no batches: each step takes all the data.",
        {"batches": "all"},
    ),
    (
        "one_by_one",
        "12345",
        "一次只取一个样本：每一批有 `batch_size` 个。",
        "It takes the samples one at a time: a batch has `batch_size` of them.",
        {"batches": "one"},
    ),
    (
        "a_list",
        "12345",
        "返回的是列表：要一个张量，用 `torch.tensor` 或 `torch.stack`。",
        "It returns a list: a tensor is wanted, by `torch.tensor` or `torch.stack`.",
        {"a_list": True},
    ),
    (
        "shared",
        "1",
        "没有拷贝：更新改动了传进来的 `weight` 和 `bias`，它们还从此要求梯度。",
        "There is no copy: the steps change the `weight` and `bias` that were given, and these ask for gradients from now on.",
        {"shared": True},
    ),
    (
        "shared",
        "2",
        "`nn.Parameter(weight)` 与 `weight` 共用内存：更新也改动了传进来的张量。",
        "`nn.Parameter(weight)` shares the memory of `weight`: each step changes what you were given.",
        {"shared": True},
    ),
    (
        "with_a_graph",
        "1234",
        "损失还连着计算图，每一步的图都留在内存里：记下 `loss.detach()`。",
        "The losses still carry their graphs, which all stay in memory: note `loss.detach()`.",
        {"graph": True},
    ),
    (
        "default_rate",
        "45",
        "学习率没有传给优化器，它用了默认的 0.001。",
        "The learning rate never reaches the optimiser, which takes its 0.001 by default.",
        {"fixed_lr": 1e-3},
    ),
]


def ladder_mistake(rung, name, faults):
    def wrong(x, y, weight, bias, lr, batch_size, epochs):
        return climbed(rung, x, y, weight, bias, lr, batch_size, epochs, **faults)

    wrong.__name__ = f"{name}_{rung}"
    return wrong


for name, rungs, zh, en, faults in LADDER:
    for rung in map(int, rungs):
        mistake(f"rung_{rung}", zh=zh, en=en)(ladder_mistake(rung, name, faults))


@mistake(
    "rung_1",
    zh="传进来的 `weight` 从此要求梯度：先 `clone()`。",
    en="The `weight` that is given asks for gradients from now on: `clone()` it first.",
)
def marks_the_input_1(x, y, weight, bias, lr, batch_size, epochs):
    losses = climbed(1, x, y, weight, bias, lr, batch_size, epochs)
    weight.requires_grad_()
    return losses


@mistake(
    "rung_1",
    zh="损失的符号反了：$\\log\\sum_j e^{z_j} - z_y$ 不会是负的。",
    en="The losses have the wrong sign: $\\log\\sum_j e^{z_j} - z_y$ is never negative.",
)
def signs_reversed_1(*args):
    return -climbed(1, *args)  # type: ignore


@mistake(
    "rung_2",
    zh="损失都对，但没有用 `nn.Parameter`：这还是第一级。",
    en="The losses are right, but there is no `nn.Parameter`: that is still rung 1.",
)
def still_rung_1(*args):
    return climbed(1, *args)


@mistake(
    "rung_3",
    zh="损失都对，但没有用 `model.parameters()`：让 `Classifier` 保管参数。",
    en="The losses are right, but without `model.parameters()`: let a `Classifier` keep the parameters.",
)
def still_rung_2(*args):
    return climbed(2, *args)


@mistake(
    "rung_3",
    zh="损失都对，但没有调用模型：logits 是 `model(xb)`。",
    en="The losses are right, but the model is never called: the logits are `model(xb)`.",
)
def model_not_called_3(x, y, weight, bias, lr, batch_size, epochs):
    model, losses = Classifier(weight, bias), []
    for _ in range(epochs):
        for xb, yb in zip(x.split(batch_size), y.split(batch_size), strict=True):
            loss = F.cross_entropy(xb @ model.weight.T + model.bias, yb)
            loss.backward()
            stepped(list(model.parameters()), None, lr, "down")
            cleared(model.parameters())
            losses.append(loss.detach())
    return torch.stack(losses)


@mistake(
    "rung_4",
    zh="损失都对，但没有用 `torch.optim.SGD`：更新交给它。",
    en="The losses are right, but without `torch.optim.SGD`: leave the update to it.",
)
def still_rung_3(*args):
    return climbed(3, *args)


def optimised(x, y, weight, bias, lr, batch_size, epochs, kind):
    model, losses = Classifier(weight, bias), []
    optimizer = kind(model.parameters(), lr=lr)
    for _ in range(epochs):
        losses += solutions.fit(model, zip(x.split(batch_size), y.split(batch_size), strict=True), optimizer, 1)
    return torch.tensor(losses)


@mistake("rung_4", zh="SGD 用了动量：这里不要。", en="SGD has a momentum: here it needs none.")
def with_momentum(*args):
    return optimised(*args, lambda parameters, lr: torch.optim.SGD(parameters, lr, momentum=0.9))  # type: ignore


@mistake("rung_4", zh="用的是 Adam：这里要 `torch.optim.SGD`。", en="That is Adam: `torch.optim.SGD` is wanted here.")
def by_adam(*args):
    return optimised(*args, torch.optim.Adam)  # type: ignore


@mistake(
    "rung_5",
    zh="损失都对，但没有用 `DataLoader`：批次交给它。",
    en="The losses are right, but without a `DataLoader`: leave the batches to it.",
)
def still_rung_4(*args):
    return climbed(4, *args)


@mistake(
    "rung_5", zh="打乱了顺序：梯子上按原来的顺序取。", en="It shuffles: on the ladder batches come in the order given."
)
def shuffled(x, y, weight, bias, lr, batch_size, epochs):
    model = Classifier(weight, bias)
    loader = DataLoader(TensorDataset(x, y), batch_size, shuffle=True)
    return torch.tensor(solutions.fit(model, loader, torch.optim.SGD(model.parameters(), lr=lr), epochs))


def fitting(model, loader, optimizer, epochs, *, loss_of=F.cross_entropy, clear="before", mode=True, **faults):
    """`fit` with a choice of faults."""
    model.train(mode)
    losses, once = [], list(loader) if faults.get("loaded_once") else None
    for _ in range(epochs):
        batches, of_the_epoch = once or list(loader), []
        if clear == "epoch":
            optimizer.zero_grad()
        for images, labels in batches[faults.get("batches", slice(None))]:
            loss = loss_of(model(images), labels)
            if clear == "before":
                optimizer.zero_grad()
            if clear == "late":
                optimizer.step()
                optimizer.zero_grad()
            loss.backward()
            if faults.get("step", True) and clear != "late" and not faults.get("step_at_the_end"):
                optimizer.step()
            with torch.no_grad():
                of_the_epoch.append(loss_of(model(images), labels) if faults.get("after") else loss.detach())
        if faults.get("step_at_the_end"):
            optimizer.step()
        losses += told(of_the_epoch, faults.get("per_epoch"))
    return [loss.item() for loss in losses]


@mistake(
    "fit",
    zh="模型在 eval 模式里训练：先 `model.train()`。",
    en="The model trains in eval mode: first call `model.train()`.",
)
def fit_in_eval(model, loader, optimizer, epochs):
    return fitting(model, loader, optimizer, epochs, mode=model.training)


@mistake(
    "fit",
    zh="梯度没有清掉，一步步累加起来：每一步都要 `optimizer.zero_grad()`。",
    en="The gradients are never cleared, and pile up: `optimizer.zero_grad()` in each step.",
)
def fit_accumulates(*args):
    return fitting(*args, clear="never")


@mistake(
    "fit",
    zh="参数从头到尾没有变，什么也没学：`step` 要在 `backward` 之后，`zero_grad` 不能夹在它们之间。",
    en="The parameters never change, and nothing is learned: `step` comes after `backward`, and no `zero_grad` between them.",
)
def fit_without_step(*args):
    return fitting(*args, step=False)


@mistake("fit", zh="这是一批损失之和：要取平均。", en="That is the sum over the batch: take the mean.")
def fit_sums(*args):
    return fitting(*args, loss_of=summed)


@mistake(
    "fit", zh="记下的是更新之后的损失：要更新之前的。", en="It notes the loss after the step: take the one before."
)
def fit_notes_after(*args):
    return fitting(*args, after=True)


@mistake(
    "fit",
    zh="`F.cross_entropy` 要的是 logits，不是 softmax 之后的概率。",
    en="`F.cross_entropy` wants logits, not the probabilities after a softmax.",
)
def fit_softmax_twice(*args):
    return fitting(*args, loss_of=softmaxed)


@mistake(
    "fit",
    zh="第一轮之后就不再训练了：每一轮都要从头走一遍 `loader`（一个迭代器走完就空了）。",
    en="After the first epoch nothing is trained: go through `loader` from its beginning in each (an iterator is used up).",
)
def fit_one_epoch(model, loader, optimizer, epochs):
    return fitting(model, loader, optimizer, 1)


@mistake("fit", zh="最后一批漏掉了。", en="The last batch is missing.")
def fit_without_the_last(*args):
    return fitting(*args, batches=slice(None, -1))


@mistake("fit", zh="每一轮只用了第一批。", en="Each epoch uses the first batch only.")
def fit_first_batch(*args):
    return fitting(*args, batches=slice(1))


@mistake(
    "fit",
    zh="`loader` 只走过一遍：每一轮都要重新走，它才会重新打乱。",
    en="It goes through `loader` only once: go through it anew in each epoch, so that it can shuffle anew.",
)
def fit_loaded_once(*args):
    return fitting(*args, loaded_once=True)


@mistake(
    "fit",
    zh="梯度每一轮才清一次：每一步之后都要清。",
    en="The gradients are cleared once in each epoch: clear them after each step.",
)
def fit_cleared_each_epoch(*args):
    return fitting(*args, clear="epoch")


@mistake(
    "fit",
    zh="每一步用的是上一批的梯度：先 `backward`，再 `step`。",
    en="Each step uses the gradient of the batch before: first `backward`, then `step`.",
)
def fit_a_step_late(*args):
    return fitting(*args, clear="late")


@mistake(
    "fit",
    zh="每一轮只走了一步：每一批之后都要 `step`。",
    en="There is one step in each epoch: `step` after each batch.",
)
def fit_a_step_each_epoch(*args):
    return fitting(*args, step_at_the_end=True)


@mistake(
    "fit",
    zh="每一轮只走了一步，用的是各批梯度之和：每一批之后都要 `step`，再清掉梯度。",
    en="There is one step in each epoch, by the sum of the batches' gradients: `step` after each batch, and clear.",
)
def fit_sums_over_the_epoch(*args):
    return fitting(*args, clear="epoch", step_at_the_end=True)


@mistake(
    "fit",
    zh="每一轮只记下了最后一步的损失：每一步都要记。",
    en="Of each epoch only the last step's loss is noted: note each step's.",
)
def fit_last_of_each_epoch(*args):
    return fitting(*args, per_epoch="last")


@mistake(
    "fit", zh="每一步一个损失，不是每一轮一个平均。", en="There is a loss for each step, not a mean for each epoch."
)
def fit_epoch_means(*args):
    return fitting(*args, per_epoch="mean")


# Training


@mistake("get_digits", zh="像素还是 0 到 16：除以 16。", en="The pixels still run from 0 to 16: divide by 16.")
def not_scaled(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images * 16, labels)


@mistake(
    "get_digits", zh="图像少了通道那一维：形状是 `1 8 8`。", en="The images lack their channel: their shape is `1 8 8`."
)
def no_channel(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images[:, 0], labels)


@mistake("get_digits", zh="训练集与测试集颠倒了。", en="Training and test set have changed places.")
def sets_swapped(train):
    return solutions.get_digits(not train)


@mistake(
    "get_digits",
    zh="训练集里有测试的图：模型会背答案。",
    en="The training set holds the test images: the model will know them by heart.",
)
def leaking(train):
    parts = [solutions.get_digits(part).tensors for part in ((True, False) if train else (False,))]
    return TensorDataset(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


@mistake("get_digits", zh="标签应是 int64 整数。", en="Labels should be int64 integers.")
def float_labels(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images, labels.float())


@mistake("get_digits", zh="最大的像素值是 16，不是 255。", en="The largest pixel value is 16, not 255.")
def over_255(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images * 16 / 255, labels)


@mistake("get_digits", zh="图像转置了：先行后列。", en="The images are transposed: rows come first.")
def transposed(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images.mT, labels)


@mistake("get_digits", zh="图像应是 float32。", en="Images should be float32.")
def double_images(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images.double(), labels)


@mistake(
    "get_digits",
    zh="图像应有 `1 8 8` 的形状，不是一行 64 个数。",
    en="Images have the shape `1 8 8`, and are no rows of 64 numbers.",
)
def rows_of_64(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images.flatten(1), labels)


@mistake(
    "get_digits", zh="通道那一维在最前面：`1 8 8`，不是 `8 8 1`。", en="The channel comes first: `1 8 8`, not `8 8 1`."
)
def channel_last(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images.movedim(1, -1), labels)


@mistake("get_digits", zh="`train` 没有用上：总是训练集。", en="`train` isn't used: it is always the training set.")
def always_training(train):
    return solutions.get_digits(True)


@mistake("get_digits", zh="`train` 没有用上：总是所有的图。", en="`train` isn't used: it is always all of the images.")
def always_all(train):
    images, labels = all_digits()
    return TensorDataset(images[PLACES], labels[PLACES])


@mistake(
    "get_digits",
    zh="每张图除以了它自己的最大值：除以 16。",
    en="Each image is divided by its own maximum: divide by 16.",
)
def by_own_maximum(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images / images.amax(dim=(1, 2, 3), keepdim=True), labels)


@mistake(
    "get_digits",
    zh="返回的是 `Subset`：要 `TensorDataset`。",
    en="It returns a `Subset`: a `TensorDataset` is wanted.",
)
def a_subset(train):
    data = taken(slice(None))
    return Subset(data, [i for i in range(len(data)) if (i % 5 != 0) == train])


@mistake("get_digits", zh="除以了 15：最大的像素值是 16。", en="It divides by 15: the largest pixel value is 16.")
def over_15(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images * 16 / 15, labels)


@mistake(
    "get_digits",
    zh="像素减去了均值：要的是 0 到 1 之间的值，除以 16 就够了。",
    en="The pixels' mean is subtracted: values from 0 to 1 are wanted, and to divide by 16 is enough.",
)
def standardised(train):
    images, labels = solutions.get_digits(train).tensors
    everything, _ = all_digits()
    return TensorDataset((images - everything.mean()) / everything.std(), labels)


@mistake("get_digits", zh="标签应是 int64，不是 int32。", en="Labels should be int64, not int32.")
def short_labels(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images, labels.int())


@mistake("get_digits", zh="标签是独热的：每张图一个整数。", en="The labels are one-hot: each image has one integer.")
def one_hot_labels(train):
    images, labels = solutions.get_digits(train).tensors
    return TensorDataset(images, F.one_hot(labels))


def taken(chosen):
    images, labels = all_digits()
    return TensorDataset(images[PLACES][chosen], labels[PLACES][chosen])


@mistake(
    "get_digits",
    zh="测试集是下标为 4、9、14…… 的那些：应是 5 的倍数，从 0 起。",
    en="It tests on the indices 4, 9, 14 and so on: multiples of 5 are wanted, from 0 on.",
)
def fives_from_one(train):
    held_out = torch.arange(1797) % 5 == 4
    return taken(~held_out if train else held_out)


@mistake(
    "get_digits",
    zh="最前面的 360 张留作测试：应是下标为 5 的倍数的那些。",
    en="The first 360 are held out: those whose index is a multiple of 5 are for testing.",
)
def first_fifth(train):
    return taken(slice(360, None) if train else slice(360))


@mistake(
    "get_digits",
    zh="训练用了所有的图，测试的也在里面：下标为 5 的倍数的要去掉。",
    en="It trains on all images, those for testing among them: leave out the multiples of 5.",
)
def trains_on_all(train):
    return taken(slice(None) if train else slice(None, None, 5))


PLACES = torch.cat([torch.arange(1797)[torch.arange(1797) % 5 != 0], torch.arange(0, 1797, 5)]).argsort()


def all_digits():
    return (
        torch.cat(tensors)
        for tensors in zip(*(solutions.get_digits(part).tensors for part in (True, False)), strict=True)
    )


@mistake(
    "get_digits",
    zh="按位置切开了：测试集应是下标为 5 的倍数的那些。",
    en="It cuts the data in two: those whose index is a multiple of 5 are for testing.",
)
def cut_in_two(train):
    return taken(slice(1437) if train else slice(1437, None))


def trained(
    args, *, shuffle=True, anew=False, zero=True, mode=True, seeded=True, kind: Any = torch.optim.Adam, **faults
):
    """`train_with_validation` with a choice of faults."""
    model = None
    if not seeded:
        model = args.make_model()
    if faults.get("reseeds", True):
        torch.manual_seed(args.seed)
    model = model or args.make_model()
    options = {"shuffle": shuffle, "drop_last": faults.get("drop_last", False)}
    loader = DataLoader(args.train_set, args.batch_size, **options)
    batches = list(loader) if faults.get("shuffled_once") else None
    optimizer = kind(model.parameters(), lr=args.lr)
    losses, accuracies = [], []
    mode = model.training if mode is None else mode
    model.train(mode)
    for _ in range(faults.get("epochs", args.epochs)):
        if faults.get("validate_first"):
            accuracies.append(validated(model, args))
        optimizer = kind(model.parameters(), lr=args.lr) if anew else optimizer
        if not faults.get("stays_in_eval"):
            model.train(mode)
        if faults.get("seeded_each_epoch") == "loader":
            chance = torch.Generator().manual_seed(args.seed)
            loader = DataLoader(args.train_set, args.batch_size, **options, generator=chance)
        elif faults.get("seeded_each_epoch"):
            torch.manual_seed(args.seed)
        of_the_epoch = []
        for images, labels in batches or loader:
            loss = F.cross_entropy(model(images), labels)
            if zero:
                optimizer.zero_grad()
            loss.backward()
            if faults.get("step", True):
                optimizer.step()
            after = faults.get("after")
            of_the_epoch.append(F.cross_entropy(model(images), labels).detach() if after else loss.detach())
        losses += [loss.item() for loss in told(of_the_epoch, faults.get("per_epoch"))]
        if faults.get("validate"):
            accuracies.append(validated(model, args, **faults))
    return model, losses, accuracies


def validated(model, args, *, in_train=False, gradients=False, by_batch=False, on_train_set=False, batch=0, **faults):
    if not in_train:
        model.eval()
    with torch.set_grad_enabled(gradients):
        loader = DataLoader(args.train_set if on_train_set else args.test_set, batch or args.batch_size)
        right = [(model(images).argmax(dim=-1) == labels).float() for images, labels in loader]
    return (torch.stack([r.mean() for r in right]) if by_batch else torch.cat(right)).mean().item()


@mistake(
    "train",
    zh="每一轮都造了新的优化器：Adam 忘了以前的梯度。",
    en="Each epoch makes a new optimiser: Adam forgets its earlier gradients.",
)
def optimiser_anew(args):
    return trained(args, anew=True)[:2]


@mistake(
    "train", zh="梯度没有清掉，一步步累加起来。", en="The gradients are never cleared, and pile up from step to step."
)
def never_cleared(args):
    return trained(args, zero=False)[:2]


@mistake("train", zh="训练时模型在 eval 模式。", en="The model is in eval mode while it trains.")
def in_eval(args):
    return trained(args, mode=False)[:2]


@mistake("train", zh="没有打乱顺序：`shuffle=True`。", en="The order isn't shuffled: `shuffle=True`.")
def not_shuffled(args):
    return trained(args, shuffle=False)[:2]


@mistake(
    "train",
    zh="先造模型，后设种子：初始权重每次都不同。",
    en="The model is made before the seed is set: its first weights differ each time.",
)
def seeded_late(args):
    return trained(args, seeded=False)[:2]


@mistake("train", zh="这里要用 Adam，不是 SGD。", en="Adam is wanted here, not SGD.")
def plain_sgd(args):
    return trained(args, kind=torch.optim.SGD)[:2]


@mistake("train", zh="最后不满的一批漏掉了。", en="The last, smaller batch is missing.")
def without_the_last(args):
    return trained(args, drop_last=True)[:2]


@mistake(
    "train", zh="每一步一个损失，不是每一轮一个平均。", en="There is a loss for each step, not a mean for each epoch."
)
def epoch_means(args):
    return trained(args, per_epoch="mean")[:2]


@mistake("train", zh="`args.lr` 没有用上。", en="`args.lr` isn't used.")
def default_lr(args):
    return trained(args, kind=lambda parameters, lr: torch.optim.Adam(parameters))[:2]


@mistake("train", zh="`args.seed` 没有用上：种子总是 0。", en="`args.seed` isn't used: the seed is always 0.")
def always_seed_0(args):
    return trained(changed(args, seed=0))[:2]


def changed(args, **changes):
    return type(args)(**(vars(args) | changes))


@mistake("train", zh="`args.batch_size` 没有用上。", en="`args.batch_size` isn't used.")
def fixed_batches(args):
    return trained(changed(args, batch_size=64))[:2]


@mistake("train", zh="只走了一轮：`args.epochs` 没有用上。", en="It runs for one epoch only: `args.epochs` isn't used.")
def train_one_epoch(args):
    return trained(args, epochs=1)[:2]


@mistake(
    "train",
    zh="这里要用 Adam，不是 AdamW：后者还会让权重衰减。",
    en="Adam is wanted here, not AdamW, which makes weights decay as well.",
)
def adam_w(args):
    return trained(args, kind=torch.optim.AdamW)[:2]


@mistake(
    "train",
    zh="每一轮的顺序都一样：每一轮应当重新打乱，循环里不要再设种子。",
    en="All epochs have the same order: shuffle anew in each, and set no seed inside the loop.",
)
def seeded_each_epoch(args):
    return trained(args, seeded_each_epoch="global")[:2]


@mistake(
    "train",
    zh="每一轮的顺序都一样：每一轮应当重新打乱，循环里不要再设种子。",
    en="All epochs have the same order: shuffle anew in each, and set no seed inside the loop.",
)
def loader_seeded_each_epoch(args):
    return trained(args, seeded_each_epoch="loader")[:2]


@mistake(
    "train",
    zh="只打乱了一次，各轮的顺序都一样：每一轮应当重新打乱。",
    en="It shuffles only once, and all epochs have the same order: shuffle anew in each.",
)
def shuffled_once(args):
    return trained(args, shuffled_once=True)[:2]


@mistake(
    "train",
    zh="没有设种子，每次都不同：先 `torch.manual_seed(args.seed)`。",
    en="No seed is set, and each time differs: first `torch.manual_seed(args.seed)`.",
)
def not_seeded(args):
    return trained(args, reseeds=False)[:2]


@mistake(
    "train",
    zh="每一轮只记下了最后一步的损失：每一步都要记。",
    en="Of each epoch only the last step's loss is noted: note each step's.",
)
def last_of_each_epoch(args):
    return trained(args, per_epoch="last")[:2]


@mistake(
    "train", zh="记下的是更新之后的损失：要更新之前的。", en="It notes the loss after the step: take the one before."
)
def after_the_step(args):
    return trained(args, after=True)[:2]


@mistake(
    "train",
    zh="参数从头到尾没有变，什么也没学：优化器要拿到 `model.parameters()`，每一步之后都要 `step`。",
    en="The parameters never change, and nothing is learned: the optimiser gets `model.parameters()`, and takes a `step` for each batch.",
)
def nothing_learned(args):
    return trained(args, step=False)[:2]


@mistake("train", zh="种子为 0 时没有设：0 也是种子。", en="A seed of 0 isn't set: 0 is a seed, too.")
def seed_0_left_out(args):
    return trained(args, reseeds=args.seed != 0)[:2]


@mistake(
    "train",
    zh="没有 `model.train()`：`make_model` 给出的模型若在 eval 模式，就一直在 eval 模式里训练。",
    en="There is no `model.train()`: a model that comes in eval mode from `make_model` is trained in eval mode.",
)
def mode_left_alone(args):
    return trained(args, mode=None)[:2]  # type: ignore


@mistake(
    "train",
    zh="返回的模型没有训练过：要返回训练的那一个。",
    en="The model that comes back wasn't trained: return the one that was.",
)
def another_model(args):
    losses = trained(args)[1]
    return args.make_model(), losses


@mistake("train", zh="每一轮都造了新的模型：一切从头开始。", en="Each epoch makes a new model, and so starts over.")
def model_anew(args):
    torch.manual_seed(args.seed)
    model, losses = None, []
    for _ in range(args.epochs):
        model = args.make_model()
        loader = DataLoader(args.train_set, args.batch_size, shuffle=True)
        losses += solutions.fit(model, loader, torch.optim.Adam(model.parameters(), lr=args.lr), 1)
    return model, losses


@mistake(
    "train", zh="只返回了损失：先是模型，后是损失。", en="It returns the losses only: first the model, then the losses."
)
def losses_only(args):
    return trained(args)[1]


@mistake("train", zh="先返回模型，后返回损失。", en="The model comes first, the losses second.")
def train_swapped(args):
    return trained(args)[1::-1]


def judged_by(model, data, *, train=False, gradients=False, axis=-1, batch=256):
    """Right or wrong for each image of each batch, with a choice of faults."""
    model.train(train)
    with torch.set_grad_enabled(gradients):
        return [(model(images).argmax(dim=axis) == labels).float() for images, labels in DataLoader(data, batch)]


@mistake("accuracy", zh="也记下了计算图：用 `torch.no_grad()`。", en="It records a graph too: use `torch.no_grad()`.")
def accuracy_with_gradients(model, data):
    return torch.cat(judged_by(model, data, gradients=True)).mean().item()


def accuracy_mistake(name, batch, average):
    def wrong(model, data):
        return average(judged_by(model, data, batch=batch, train=name == "in_train"), batch)

    wrong.__name__ = f"{name}_{batch}"
    return wrong


BY_BATCH: list[tuple[str, str, str, Any]] = [
    (
        "in_train",
        "忘了 `model.eval()`：它在 train 模式里判断。",
        "It forgets `model.eval()`: the model judges in train mode.",
        lambda right, batch: torch.cat(right).mean().item(),
    ),
    (
        "averages_batches",
        "各批的准确率不能直接平均：最后一批比较小。",
        "The batches' accuracies can't simply be averaged: the last batch is smaller.",
        lambda right, batch: torch.stack([r.mean() for r in right]).mean().item(),
    ),
    (
        "counts_over_full_batches",
        "除以了批数乘以每批的个数：最后一批小一些，要除以 `data` 的个数。",
        "It divides by the number of batches times their size: the last is smaller, so divide by how many are in `data`.",
        lambda right, batch: torch.cat(right).sum().item() / len(right) / batch,
    ),
    (
        "without_last_batch",
        "最后不满的一批漏掉了。",
        "The last, smaller batch is missing.",
        lambda right, batch: torch.cat([r for r in right if len(r) == batch] or [torch.zeros(1)]).mean().item(),
    ),
    (
        "first_batch",
        "只算了第一批。",
        "It looks at the first batch only.",
        lambda right, batch: right[0].mean().item(),
    ),
    (
        "last_batch",
        "只算了最后一批：要把各批的对错收在一起。",
        "It looks at the last batch only: collect right and wrong from all of them.",
        lambda right, batch: right[-1].mean().item(),
    ),
    (
        "sum_of_accuracies",
        "各批的准确率加在了一起：要对的个数除以总数。",
        "The batches' accuracies are summed: divide the number of right ones by that of all.",
        lambda right, batch: sum(r.mean().item() for r in right),
    ),
]

for name, zh, en, average in BY_BATCH:
    for batch in (32, 64, 100, 128, 256):
        mistake("accuracy", zh=zh, en=en)(accuracy_mistake(name, batch, average))


@mistake(
    "accuracy",
    zh="`for … in data` 不看 `len`，一直取到报 `IndexError` 为止：交给 `DataLoader`，或者用 `range(len(data))`。",
    en="`for … in data` doesn't look at `len` and goes on until an `IndexError`: use a `DataLoader`, or `range(len(data))`.",
)
def accuracy_by_iterating(model, data):
    model.eval()
    with torch.no_grad():
        right = [float(model(image[None]).argmax() == label) for image, label in data]
    return sum(right) / len(right)


@mistake("accuracy", zh="这是个数：要除以总数。", en="That is their number: divide it by how many there are.")
def accuracy_counts(model, data):
    return torch.cat(judged_by(model, data)).sum().item()


@mistake("accuracy", zh="这是百分数：要 0 到 1 之间的份额。", en="That is a percentage: a share from 0 to 1 is wanted.")
def accuracy_percent(model, data):
    return 100 * torch.cat(judged_by(model, data)).mean().item()


@mistake(
    "accuracy", zh="这是错误率：要对的份额。", en="That is the share of errors: the share of right ones is wanted."
)
def accuracy_of_errors(model, data):
    return 1 - torch.cat(judged_by(model, data)).mean().item()


@mistake(
    "accuracy",
    zh="结果四舍五入了：返回份额本身。",
    en="The result is rounded: return the share itself.",
)
def accuracy_rounded(model, data):
    return round(torch.cat(judged_by(model, data)).mean().item(), 2)


@mistake(
    "accuracy",
    zh="结果四舍五入了：返回份额本身。",
    en="The result is rounded: return the share itself.",
)
def accuracy_rounded_to_four(model, data):
    return round(torch.cat(judged_by(model, data)).mean().item(), 4)


@mistake(
    "accuracy",
    zh="BatchNorm 的统计量变了：先 `model.eval()`，再让数据通过模型。",
    en="The batch norm's statistics have changed: call `model.eval()` before any data goes through the model.",
)
def accuracy_eval_too_late(model, data):
    with torch.no_grad():
        model.train()
        model(next(iter(DataLoader(data, 256)))[0])
    return torch.cat(judged_by(model, data)).mean().item()


@mistake(
    "train_with_validation", zh="验证之后没有回到 `model.train()`。", en="After validation there is no `model.train()`."
)
def stays_in_eval(args):
    return trained(args, validate=True, stays_in_eval=True)


@mistake(
    "train_with_validation",
    zh="验证时也记下了计算图：用 `torch.inference_mode()`。",
    en="Validation records a graph too: use `torch.inference_mode()`.",
)
def with_gradients(args):
    return trained(args, validate=True, gradients=True)


def validation_mistake(name, batch, faults):
    def wrong(args):
        return trained(args, validate=True, batch=batch, **faults)

    wrong.__name__ = f"{name}_{batch}"
    return wrong


for batch in (0, 64, 100, 256):  # 0: that of `args`
    mistake(
        "train_with_validation",
        zh="各批的准确率不能直接平均：最后一批比较小。",
        en="The batches' accuracies can't simply be averaged: the last batch is smaller.",
    )(validation_mistake("averages_batches", batch, {"by_batch": True}))
    mistake(
        "train_with_validation",
        zh="验证时没有用 eval 模式：先 `model.eval()`。",
        en="Validation isn't in eval mode: first `model.eval()`.",
    )(validation_mistake("validates_in_train", batch, {"in_train": True}))


@mistake(
    "train_with_validation",
    zh="在训练集上验证：要用没见过的 `args.test_set`。",
    en="It validates on the training set: take `args.test_set`, which it never saw.",
)
def on_the_training_set(args):
    return trained(args, validate=True, on_train_set=True)


@mistake(
    "train_with_validation",
    zh="准确率是训练之前算的：要在每一轮之后。",
    en="It takes the accuracy before the training: take it after each epoch.",
)
def validates_before(args):
    return trained(args, validate_first=True)


@mistake(
    "train_with_validation",
    zh="只在最后验证了一次：每一轮之后都要。",
    en="It validates once, at the end: do it after each epoch.",
)
def validates_once(args):
    model, losses, accuracies = trained(args, validate=True)
    return model, losses, accuracies[-1:]


@mistake("train_with_validation", zh="先返回损失，后返回准确率。", en="The losses come before the accuracies.")
def accuracies_before_losses(args):
    model, losses, accuracies = trained(args, validate=True)
    return model, accuracies, losses


@mistake(
    "train_with_validation",
    zh="准确率是百分数：要 0 到 1 之间的份额。",
    en="The accuracies are percentages: shares from 0 to 1 are wanted.",
)
def validates_in_percent(args):
    model, losses, accuracies = trained(args, validate=True)
    return model, losses, [100 * value for value in accuracies]


@mistake(
    "train_with_validation",
    zh="只返回了最后的准确率：每一轮一个。",
    en="It returns the last accuracy only: there is one for each epoch.",
)
def last_accuracy_as_number(args):
    model, losses, accuracies = trained(args, validate=True)
    return model, losses, accuracies[-1]


@mistake(
    "train_with_validation",
    zh="每一轮都造了新的优化器：Adam 忘了以前的梯度。",
    en="Each epoch makes a new optimiser: Adam forgets its earlier gradients.",
)
def validated_optimiser_anew(args):
    return trained(args, validate=True, anew=True)


@mistake(
    "train_with_validation",
    zh="梯度没有清掉，一步步累加起来。",
    en="The gradients are never cleared, and pile up from step to step.",
)
def validated_never_cleared(args):
    return trained(args, validate=True, zero=False)


@mistake(
    "train_with_validation",
    zh="最后不满的一批漏掉了。",
    en="The last, smaller batch is missing.",
)
def validated_without_the_last(args):
    return trained(args, validate=True, drop_last=True)


@mistake(
    "train_with_validation",
    zh="每一轮的顺序都一样：每一轮应当重新打乱，循环里不要再设种子。",
    en="All epochs have the same order: shuffle anew in each, and set no seed inside the loop.",
)
def validated_seeded_each_epoch(args):
    return trained(args, validate=True, seeded_each_epoch="global")


@mistake(
    "train_with_validation",
    zh="没有设种子，每次都不同：先 `torch.manual_seed(args.seed)`。",
    en="No seed is set, and each time differs: first `torch.manual_seed(args.seed)`.",
)
def validated_not_seeded(args):
    return trained(args, validate=True, reseeds=False)


@mistake(
    "train_with_validation",
    zh="每一步一个损失，不是每一轮一个平均。",
    en="There is a loss for each step, not a mean for each epoch.",
)
def validated_epoch_means(args):
    return trained(args, validate=True, per_epoch="mean")


@mistake(
    "train_with_validation",
    zh="少了第三个结果：准确率，每一轮一个。",
    en="The third result is missing: the accuracies, one for each epoch.",
)
def without_accuracies(args):
    return trained(args)[:2]


@mistake("train_with_validation", zh="没有打乱顺序：`shuffle=True`。", en="The order isn't shuffled: `shuffle=True`.")
def validated_unshuffled(args):
    return trained(args, validate=True, shuffle=False)
