# %% [markdown] lang="zh" order=2
# # 第 2 天 · 卷积网络与 ResNet
#
# 上一课写了模块和训练，这一课写卷积、池化、批归一化，直到一个有 34 层的残差网络。
# 规矩与上一课相同：凡是 PyTorch 有同名模块的，你的都要与它相等；计算由你来写，除非练习说可以借用。
# %% [markdown] lang="en"
# # Day 2 · convolutional networks and ResNets
#
# Last lesson you wrote modules and training; in this one convolution, pooling, batch norm, and at last a residual network of 34 layers.
# The rules are the same: a module that has a namesake in PyTorch is to equal it, and you write the computation, unless the exercise lets you borrow it.
# %%
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from part2_cnns.solutions import Linear, ReLU, Sequential, TrainArgs, get_digits, train_with_validation
from torch import Tensor, nn

from part2_resnets import figures, reference, tests


# %% [markdown] lang="zh"
# ## 1 · 卷积
#
# 线性层看不出两个像素是邻居。
# 卷积（convolution）把同一个小小的核用在图像的每一处：参数少，而且猫在哪里都是猫。
# %% [markdown] lang="en"
# ## 1 · Convolution
#
# A linear layer doesn't know that two pixels are neighbours.
# A convolution applies one small kernel at every place of the image: few parameters, and a cat is a cat wherever it sits.
# %%
def pair(n: int | tuple[int, int]) -> tuple[int, int]:
    """`n` for height and width; a pair stays as it is."""
    return (n, n) if isinstance(n, int) else n


# %% [markdown] lang="zh"
# ### 练习 · 卷积层 · 20 分钟
#
# 今天的卷积都没有偏置：后面的批归一化会减掉它。
# 权重均匀分布，界是 $1/\sqrt{n}$，$n$ 是一个输出看见的输入个数。
# 计算可以交给 `F.conv2d`；`part2_strides` 里你会自己写它。
# %% [markdown] lang="en"
# ### Exercise · the convolution · 20 min
#
# Today's convolutions have no bias: the batch norm behind them would subtract it.
# Weights are uniform, bounded by $1/\sqrt{n}$, where $n$ is how many inputs one output sees.
# You may leave the computation to `F.conv2d`; in `part2_strides` you write it yourself.
# %% exercise="Conv2d" difficulty=2 importance=5 minutes=20
class Conv2d(nn.Module):
    """`torch.nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=False)`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        # solution
        self.in_channels, self.out_channels, self.bias = in_channels, out_channels, None
        self.kernel_size, self.stride, self.padding = pair(kernel_size), pair(stride), pair(padding)
        bound = 1 / math.sqrt(in_channels * math.prod(self.kernel_size))
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, *self.kernel_size).uniform_(-bound, bound))

    def forward(self, x: Float[Tensor, "batch c_in h w"]) -> Float[Tensor, "batch c_out h_out w_out"]:
        # solution
        return F.conv2d(x, self.weight, stride=self.stride, padding=self.padding)


if __name__ == "__main__":
    if tests.test_Conv2d(Conv2d):
        weights = sum(p.numel() for p in Conv2d(64, 64, 3).parameters())
        print(f"{weights:,} weights; a linear layer on 64x56x56 has {(64 * 56 * 56) ** 2:,}")


# %% [markdown] lang="zh" tags=["hint"]
# 一个输出看见 `in_channels * height * width` 个输入；权重的形状是 `c_out c_in height width`。
# %% [markdown] lang="en" tags=["hint"]
# One output sees `in_channels * height * width` inputs; the weight's shape is `c_out c_in height width`.
# %% [markdown] lang="zh"
# ### 练习 · 最大池化 · 10 分钟
#
# 每个窗口只留最大的一个；没有给出 `stride` 时，窗口一个挨一个。
# 计算可以交给 `F.max_pool2d`。
# %% [markdown] lang="en"
# ### Exercise · max pooling · 10 min
#
# Keep the largest value of each window; without a `stride` the windows don't overlap.
# You may leave the computation to `F.max_pool2d`.
# %% exercise="MaxPool2d" difficulty=1 importance=3 minutes=10
class MaxPool2d(nn.Module):
    """`torch.nn.MaxPool2d(kernel_size, stride, padding)`; what is padded never wins, however small the input."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        # solution
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c h_out w_out"]:
        # solution
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding)


if __name__ == "__main__":
    tests.test_MaxPool2d(MaxPool2d)


# %% [markdown] lang="zh" tags=["hint"]
# `stride=None` 的意思是“与 `kernel_size` 一样”，不是 1。
# %% [markdown] lang="en" tags=["hint"]
# `stride=None` means "the same as `kernel_size`", not 1.
# %% [markdown] lang="zh"
# ### 练习 · 批归一化 · 40 分钟
#
# 训练时，每个通道用这一批的均值和方差（除以 $n$）归一化；同时更新运行统计量：
# `running` 变成 `(1 - momentum) * running + momentum * batch`，其中的方差除以 $n-1$。
# 推理时只用运行统计量。
# 它们要保存，却没有梯度：用 `register_buffer`，名字与类型和 PyTorch 的相同，`num_batches_tracked` 数训练过几批。
# 与 `LayerNorm` 一样，均值很大时也要准。
# %% [markdown] lang="en"
# ### Exercise · batch normalisation · 40 min
#
# In training each channel is normalised by the batch's mean and variance (over $n$); and the running statistics move on:
# `running` becomes `(1 - momentum) * running + momentum * batch`, with a variance over $n-1$.
# In inference only the running statistics count.
# They are saved, but have no gradient: `register_buffer`, under PyTorch's names and types; `num_batches_tracked` counts the batches trained on.
# As with `LayerNorm`, it must be exact where the mean is large, too.
# %% exercise="BatchNorm2d" difficulty=4 importance=5 minutes=40
class BatchNorm2d(nn.Module):
    """`torch.nn.BatchNorm2d(num_features, eps, momentum)`; training on fewer than two values per channel: ValueError."""

    running_mean: Float[Tensor, " c"]
    running_var: Float[Tensor, " c"]
    num_batches_tracked: Int[Tensor, ""]

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        # solution
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight, self.bias = nn.Parameter(torch.ones(num_features)), nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def batch_statistics(self, x: Float[Tensor, "batch c h w"]) -> tuple[Float[Tensor, " c"], Float[Tensor, " c"]]:
        """Mean and variance (over n) of each channel; afterwards the running statistics and the count have moved on."""
        # solution
        n = x.numel() // x.shape[1]
        if n < 2:
            raise ValueError(f"BatchNorm2d in training on {tuple(x.shape)}: {n} value has no variance; give it more")
        var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * n / (n - 1), self.momentum)
            self.num_batches_tracked += 1
        return mean, var

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c h w"]:
        # solution
        mean, var = self.batch_statistics(x) if self.training else (self.running_mean, self.running_var)
        scale = self.weight * (var + self.eps).rsqrt()
        shift = self.bias - mean * scale  # folded: a single pass over x
        return torch.addcmul(shift[:, None, None], x, scale[:, None, None])


if __name__ == "__main__":
    if tests.test_BatchNorm2d(BatchNorm2d):
        x = 3 + 5 * torch.randn(20, 2, 4, 4)
        norm = BatchNorm2d(2)
        print(f"in: {x.mean():.2f} ± {x.std():.2f}; out: {norm(x).mean().abs():.2f} ± {norm(x).std():.2f}")
        norm.eval()
        print(f"in eval, after two batches: {norm(x).mean():.2f} ± {norm(x).std():.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 每个通道的统计量取遍 `batch`、`h`、`w`：`torch.var_mean(x, dim=(0, 2, 3), correction=0)`。
# %% [markdown] lang="en" tags=["hint"]
# A channel's statistics run over `batch`, `h` and `w`: `torch.var_mean(x, dim=(0, 2, 3), correction=0)`.
# %% [markdown] lang="zh" tags=["hint"]
# `running.lerp_(batch, momentum)` 正是那条更新公式；放在 `torch.no_grad()` 里。
# %% [markdown] lang="en" tags=["hint"]
# `running.lerp_(batch, momentum)` is just that update; put it under `torch.no_grad()`.
# %% [markdown] lang="zh" tags=["question"] see="BatchNorm2d"
# 为什么运行统计量是 buffer，而不是 `nn.Parameter`，也不是普通属性？
# %% [markdown] lang="en" tags=["question"] see="BatchNorm2d"
# Why are the running statistics buffers, and neither an `nn.Parameter` nor a plain attribute?
# %% [markdown] lang="zh" tags=["answer"]
# 它们不由梯度学得，所以不该交给优化器；但推理离不开它们，所以要进 `state_dict()`，也要随 `to(device)` 一起走。
# buffer 正好两头都占。
# %% [markdown] lang="en" tags=["answer"]
# No gradient teaches them, so no optimiser should get them; but inference needs them, so they belong into `state_dict()` and move along with `to(device)`.
# A buffer is both.
# %% [markdown] lang="zh"
# ### 练习 · 平均池化 · 5 分钟
#
# 每个通道只留下全图的平均值，两个空间维就消失了。
# %% [markdown] lang="en"
# ### Exercise · average pooling · 5 min
#
# Of each channel only its mean over the image stays, and both spatial axes are gone.
# %% exercise="AveragePool" difficulty=1 importance=2 minutes=5
class AveragePool(nn.Module):
    """The mean over height and width, of any size."""

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c"]:
        # solution
        return x.mean(dim=(2, 3))


if __name__ == "__main__":
    tests.test_AveragePool(AveragePool)


# %% [markdown] lang="zh" tags=["hint"]
# `mean` 的 `dim` 可以是一个元组。
# %% [markdown] lang="en" tags=["hint"]
# The `dim` of `mean` may be a tuple.
# %% [markdown] lang="zh"
# ## 2 · 残差网络
#
# 网络越深，越难训练；残差（residual）块让每一层只学“与输入的差别”，梯度沿着捷径直达底层。
# %% [markdown] lang="en"
# ## 2 · Residual networks
#
# The deeper a network, the harder to train; a residual block learns only the difference to its input, and the shortcut takes gradients straight down.
# %% [markdown] lang="zh"
# ### 练习 · 残差块 · 25 分钟
#
# 左支：3×3 卷积（步长 `first_stride`）、批归一化、ReLU、3×3 卷积、批归一化。
# 右支是捷径：步长为 1、通道数不变时就是输入本身，否则是 1×1 卷积（步长 `first_stride`）加批归一化。
# 两支相加，再过 ReLU。
# %% [markdown] lang="en"
# ### Exercise · the residual block · 25 min
#
# On the left: 3×3 convolution (with `first_stride`), batch norm, ReLU, 3×3 convolution, batch norm.
# On the right the shortcut: the input itself if the stride is 1 and the channels stay, else a 1×1 convolution (with `first_stride`) and a batch norm.
# Add both, then ReLU.
# %% exercise="ResidualBlock" difficulty=3 importance=5 minutes=25
class ResidualBlock(nn.Module):
    """ReLU(left(x) + right(x)); its layers are registered in the order above, the left branch before the right."""

    def __init__(self, in_feats: int, out_feats: int, first_stride: int = 1) -> None:
        super().__init__()
        # solution
        self.left = Sequential(
            Conv2d(in_feats, out_feats, 3, first_stride, padding=1),
            BatchNorm2d(out_feats),
            ReLU(),
            Conv2d(out_feats, out_feats, 3, padding=1),
            BatchNorm2d(out_feats),
        )
        self.right = nn.Identity()
        if first_stride != 1 or in_feats != out_feats:
            self.right = Sequential(Conv2d(in_feats, out_feats, 1, first_stride), BatchNorm2d(out_feats))
        self.relu = ReLU()

    def forward(self, x: Float[Tensor, "batch c_in h w"]) -> Float[Tensor, "batch c_out h_out w_out"]:
        # solution
        return self.relu(self.left(x) + self.right(x))


if __name__ == "__main__":
    tests.test_ResidualBlock(ResidualBlock)


# %% [markdown] lang="zh" tags=["hint"]
# 3×3 卷积要 `padding=1`，大小才不变；只有第一个卷积带步长。
# %% [markdown] lang="en" tags=["hint"]
# A 3×3 convolution keeps the size with `padding=1`; only the first has a stride.
# %% [markdown] lang="zh"
# ### 练习 · 一组块 · 10 分钟
#
# 只有第一块改变通道数和大小。
# %% [markdown] lang="en"
# ### Exercise · a group of blocks · 10 min
#
# Only the first block changes the number of channels and the size.
# %% exercise="BlockGroup" difficulty=2 importance=3 minutes=10
class BlockGroup(nn.Module):
    """`n_blocks` residual blocks in a row, registered in that order."""

    def __init__(self, n_blocks: int, in_feats: int, out_feats: int, first_stride: int = 1) -> None:
        super().__init__()
        # solution
        rest = [ResidualBlock(out_feats, out_feats) for _ in range(n_blocks - 1)]
        self.blocks = Sequential(ResidualBlock(in_feats, out_feats, first_stride), *rest)

    def forward(self, x: Float[Tensor, "batch c_in h w"]) -> Float[Tensor, "batch c_out h_out w_out"]:
        # solution
        return self.blocks(x)


if __name__ == "__main__":
    tests.test_BlockGroup(BlockGroup)


# %% [markdown] lang="zh" tags=["hint"]
# `n_blocks - 1` 块是 `ResidualBlock(out_feats, out_feats)`：每次都要造新的，不能重复用同一块。
# %% [markdown] lang="en" tags=["hint"]
# `n_blocks - 1` of them are `ResidualBlock(out_feats, out_feats)`: make each anew, one block can't serve twice.
# %% [markdown] lang="zh"
# ### 练习 · ResNet34 · 30 分钟
#
# 入口：7×7 卷积（64 个通道，步长 2，填充 3）、批归一化、ReLU、3×3 最大池化（步长 2，填充 1）。
# 然后是各组，然后平均池化，最后一个线性层。
# 默认的四组就是何恺明等人 2015 年的 ResNet34。
# %% [markdown] lang="en"
# ### Exercise · ResNet34 · 30 min
#
# The entrance: 7×7 convolution (64 channels, stride 2, padding 3), batch norm, ReLU, 3×3 max pooling (stride 2, padding 1).
# Then the groups, then average pooling, and a linear layer at the end.
# The four groups by default are the ResNet34 of He and others, 2015.
# %% exercise="ResNet34" difficulty=3 importance=5 minutes=30
class ResNet34(nn.Module):
    """Logits for images of three channels; its layers are registered in the order in which they are used."""

    def __init__(
        self,
        n_blocks_per_group: Sequence[int] = (3, 4, 6, 3),
        out_features_per_group: Sequence[int] = (64, 128, 256, 512),
        first_strides_per_group: Sequence[int] = (1, 2, 2, 2),
        n_classes: int = 1000,
    ) -> None:
        super().__init__()
        # solution
        entrance = Conv2d(3, 64, 7, stride=2, padding=3), BatchNorm2d(64), ReLU(), MaxPool2d(3, stride=2, padding=1)
        in_features = [64, *out_features_per_group]
        groups = zip(n_blocks_per_group, in_features[:-1], out_features_per_group, first_strides_per_group, strict=True)
        self.body = Sequential(*entrance, *(BlockGroup(*group) for group in groups), AveragePool())
        self.head = Linear(in_features[-1], n_classes)

    def forward(self, x: Float[Tensor, "batch 3 h w"]) -> Float[Tensor, "batch n_classes"]:
        # solution
        return self.head(self.body(x))


if __name__ == "__main__":
    if tests.test_ResNet34(ResNet34):
        print(f"{sum(p.numel() for p in ResNet34().parameters()):,} parameters")


# %% [markdown] lang="zh" tags=["hint"]
# 每组的输入通道数是上一组的输出通道数：`[64, *out_features_per_group]`，去掉最后一个。
# %% [markdown] lang="en" tags=["hint"]
# A group's input has as many channels as the last group's output: `[64, *out_features_per_group]` without its last entry.
# %% [markdown] lang="zh"
# ### 练习 · 搬运权重 · 20 分钟
#
# 两个网络结构相同，名字不同：参数和 buffer 按登记的顺序一一对应。
# 层里面也一样：PyTorch 先登记 `weight`，后登记 `bias`，你的 `Linear` 和 `BatchNorm2d` 也要这样，下面才对得上。
# 个数或形状对不上时，要报错，不要搬到一半；参数还是原来的对象，`requires_grad` 也不变。
# %% [markdown] lang="en"
# ### Exercise · copy weights · 20 min
#
# Two networks of the same structure and with other names: parameters and buffers correspond in the order of registration.
# Within a layer, too: PyTorch registers `weight` first, then `bias`; for the comparison below your `Linear` and `BatchNorm2d` have to do the same.
# If their number or a shape doesn't fit, raise an error, and don't stop half-way; the parameters stay the same objects with the same `requires_grad`.
# %% exercise="copy_weights" difficulty=3 importance=4 minutes=20
def copy_weights(mine: nn.Module, theirs: nn.Module) -> nn.Module:
    """`mine`, now with copies of the parameters and buffers of `theirs`; a misfit raises ValueError and changes nothing."""
    # solution
    targets, sources = mine.state_dict(), theirs.state_dict()
    if len(targets) != len(sources):
        raise ValueError(
            f"copy_weights: {len(targets)} tensors in mine, {len(sources)} in theirs: build the same layers"
        )
    for (name, target), (other, source) in zip(targets.items(), sources.items(), strict=True):
        if target.shape != source.shape:
            shapes = f"{name} {tuple(target.shape)} against {other} {tuple(source.shape)}"
            raise ValueError(f"copy_weights: {shapes}: bring the layers into the same order")
    mine.load_state_dict(dict(zip(targets, sources.values(), strict=True)))
    return mine


if __name__ == "__main__":
    if tests.test_copy_weights(copy_weights) and tests.test_ResNet34(ResNet34):
        theirs = reference.ResNet34().eval()  # with torchvision installed: reference.pretrained()
        mine = copy_weights(ResNet34(), theirs).eval()
        with torch.inference_mode():
            images = torch.randn(2, 3, 64, 64)
            print(f"largest difference to the reference's logits: {(mine(images) - theirs(images)).abs().max():.0e}")


# %% [markdown] lang="zh" tags=["hint"]
# `state_dict()` 里既有参数也有 buffer；`parameters()` 会漏掉 `running_mean`。
# %% [markdown] lang="en" tags=["hint"]
# `state_dict()` has parameters and buffers; `parameters()` lacks `running_mean`.
# %% [markdown] lang="zh" tags=["hint"]
# 先检查所有形状，再搬；`load_state_dict` 会拷贝，它要的是 `mine` 的名字配上 `theirs` 的值。
# %% [markdown] lang="en" tags=["hint"]
# Check all shapes first, then move; `load_state_dict` copies, and wants the names of `mine` with the values of `theirs`.
# %% [markdown] lang="zh"
# ### 练习 · 预测 · 15 分钟
#
# 返回最可能的类别，以及模型给它的概率；logits 上千时也不许溢出。
# 调用之后，模型和它的每个子模块的模式都要与之前一样，哪怕模型报了错。
# %% [markdown] lang="en"
# ### Exercise · predict · 15 min
#
# Return the likeliest class, and the probability that the model gives it; logits in the thousands must not overflow.
# After the call the model and each of its submodules is in the mode that it was in before, even after an error in the model.
# %% exercise="predict" difficulty=2 importance=4 minutes=15
def predict(
    model: nn.Module, images: Float[Tensor, "batch c h w"]
) -> tuple[Int[Tensor, " batch"], Float[Tensor, " batch"]]:
    """The class of each image and its probability, by `model` in eval mode and without gradients."""
    # solution
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            probs, classes = model(images).softmax(dim=-1).max(dim=-1)
    finally:
        for module, training in modes:
            module.training = training
    return classes, probs


if __name__ == "__main__":
    tests.test_predict(predict)


# %% [markdown] lang="zh" tags=["hint"]
# `max(dim=-1)` 一次给出最大值和它的位置，注意顺序。
# %% [markdown] lang="en" tags=["hint"]
# `max(dim=-1)` gives the largest value and its place at once, in this order.
# %% [markdown] lang="zh" tags=["hint"]
# 先记下 `model.modules()` 里每个模块的 `training`；恢复放在 `finally` 里。
# %% [markdown] lang="en" tags=["hint"]
# First note the `training` of each module of `model.modules()`; bring it back in a `finally`.
# %% [markdown] lang="zh"
# ## 3 · 一个小的 ResNet
#
# 8×8 的数字经不起 7×7 的入口。
# 用同样的零件，造一个适合它们的小网络。
# %% [markdown] lang="en"
# ## 3 · A small ResNet
#
# Digits of 8×8 don't survive an entrance of 7×7.
# Out of the same parts, build a small network that suits them.
# %% [markdown] lang="zh"
# ### 练习 · 小的 ResNet · 20 分钟
#
# 入口：3×3 卷积（1 到 `width` 个通道，填充 1）、批归一化、ReLU。
# 三组各一块：`width` 到 `width`；到 `2 * width`，步长 2；到 `4 * width`，步长 2。
# 然后平均池化和线性层。
# %% [markdown] lang="en"
# ### Exercise · a small ResNet · 20 min
#
# The entrance: 3×3 convolution (1 to `width` channels, padding 1), batch norm, ReLU.
# Three groups of one block: `width` to `width`; to `2 * width` with stride 2; to `4 * width` with stride 2.
# Then average pooling and a linear layer.
# %% exercise="SmallResNet" difficulty=3 importance=4 minutes=20
class SmallResNet(nn.Module):
    """Logits for images of one channel; its layers are registered in the order in which they are used."""

    def __init__(self, n_classes: int = 10, width: int = 16) -> None:
        super().__init__()
        # solution
        self.body = Sequential(
            Conv2d(1, width, 3, padding=1),
            BatchNorm2d(width),
            ReLU(),
            BlockGroup(1, width, width),
            BlockGroup(1, width, 2 * width, first_stride=2),
            BlockGroup(1, 2 * width, 4 * width, first_stride=2),
            AveragePool(),
        )
        self.head = Linear(4 * width, n_classes)

    def forward(self, x: Float[Tensor, "batch 1 h w"]) -> Float[Tensor, "batch n_classes"]:
        # solution
        return self.head(self.body(x))


if __name__ == "__main__":
    model = None  # until it is trained
    if tests.test_SmallResNet(SmallResNet):
        model, losses, accuracies = train_with_validation(TrainArgs(make_model=SmallResNet, epochs=8))
        print(f"held-out digits classified rightly: {accuracies[-1]:.1%}")
        figures.training(losses, accuracies).show()


# %% [markdown] lang="zh" tags=["hint"]
# 与 `ResNet34` 的写法相同，只是入口不同，也没有最大池化。
# %% [markdown] lang="en" tags=["hint"]
# Write it as you wrote `ResNet34`, with another entrance and no max pooling.
# %% [markdown] lang="zh"
# 看看它没有把握的那些：你能认出几个？
# %% [markdown] lang="en"
# Look at those it is least sure of: how many do you recognise?
# %%
if __name__ == "__main__":
    if tests.test_predict(predict) and model is not None:
        images, labels = get_digits(train=False)[:]
        classes, probs = predict(model, images)
        unsure = probs.argsort()[:20]
        titles = [f"{int(classes[i])} · {float(probs[i]):.0%}" for i in unsure]
        figures.digits(images[unsure], titles).show()
