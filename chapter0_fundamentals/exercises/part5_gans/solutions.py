# %% [markdown] lang="zh" order=2
# # 第 5 天 · 转置卷积与 GAN
#
# 这一课你写两个互相较劲的网络：一个从随机数画出数字，一个分辨真假；训练一分钟左右，画出来的十种数字都有，第 2 天的分类器认得出它们。
# 画画的那个要把 2×2 放大到 8×8，用的是转置卷积，也由你来写。
#
# **先修**：`part2_cnns`、`part2_resnets`（模块、批归一化、训练的一步）；写第 1 节时 `part2_strides` 有帮助，但不是必须。
# **时间**：约 3 小时 40 分钟，其中第 1 节约 80 分钟，是选做：跳过它，后面用 `nn.ConvTranspose2d` 就行。第 1 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint Generator`，自测用 `coach questions`。
#
# 规矩与第 2 天相同：`float64` 的输入与不连续的输入也要对，dtype 不变（网络和给 `train_gan` 的图都是 `float32`）；输入不许改动；值都是有限的；没写明的情形不评判，其余的名字和写法不限。
# 前几天的 `Linear`、`Conv2d`、`BatchNorm2d`、`ReLU` 直接拿来用；搭网络时用 PyTorch 现成的模块也行，第 1、2 节要写的那几个也可以这样代替。
# %% [markdown] lang="en" order=2
# # Day 5 · transposed convolution and GANs
#
# In this lesson you write two networks that compete: one draws digits out of random numbers, the other tells real from fake; after about a minute of training all ten digits are drawn, and day 2's classifier recognises them.
# The one that draws has to grow 2×2 to 8×8. It does so by transposed convolution, which you also write.
#
# **You need** `part2_cnns` and `part2_resnets` (modules, batch norm, one step of training); for section 1 `part2_strides` helps, but you can do without.
# **Time**: about 3 hours and 40 minutes, of which section 1 takes about 80 minutes and is a bonus: skip it, and use `nn.ConvTranspose2d` later. After section 1 is a good place for a break.
# **How to read**: guess first, then run, and only then write. If you are stuck, `coach hint Generator` helps; `coach questions` asks you questions to check yourself.
#
# The rules are those of day 2: `float64` inputs and inputs that aren't contiguous work too, and the dtype is kept (networks, and the pictures for `train_gan`, are `float32`); inputs stay unchanged; all values are finite; cases not described aren't judged, and all other names and ways of writing are free.
# The `Linear`, `Conv2d`, `BatchNorm2d` and `ReLU` of earlier days are there for you; in your networks you may also use PyTorch's own modules, in place of the layers of sections 1 and 2, too.
# %%
import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise  # neighbours: (1, 2), (2, 3), …

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from part2_cnns.progress import progress
from part2_cnns.solutions import Flatten, Linear, ReLU, Sequential, TrainArgs, get_digits, train_with_validation
from part2_resnets.solutions import BatchNorm2d, Conv2d, SmallResNet, predict
from torch import Tensor, nn

from part5_gans import figures, tests

# %% [markdown] lang="zh"
# ## 1 · 转置卷积（选做）
# ### 一个要往大里长的网络
#
# 第 2 天的卷积网络从大到小：8×8 的图，步幅 2，变成 4×4，再变成 2×2。
# 画图的网络要反过来走：从几十个数出发，长成一张图。
# 它需要一种层，像步幅 2 的卷积，却把大小*加倍*，而且怎样加倍是学出来的。
# %% [markdown] lang="en"
# ## 1 · Transposed convolution (bonus)
# ### A network that has to grow
#
# Day 2's convolutional networks go from large to small: with stride 2 a picture of 8×8 becomes 4×4, then 2×2.
# A network that draws goes the other way: it begins with a few dozen numbers, and ends in a picture.
# It needs a layer like a convolution of stride 2 that *doubles* the size, and learns how to do that.
# %% [markdown] lang="zh" numbers="5 -1 7"
# ### 卷积是一个矩阵
#
# 卷积是线性的：输出的每个数都是输入的加权和。
# 所以它等于乘一个矩阵，每个输出一行，每个输入一列。
# 核是 $(1, 2, 3)$，宽度是 5 时，有 3 个位置放得下核，矩阵有 3 行：
#
# | | 输入 0 | 输入 1 | 输入 2 | 输入 3 | 输入 4 |
# |---|---|---|---|---|---|
# | 输出 0 | 1 | 2 | 3 | 0 | 0 |
# | 输出 1 | 0 | 1 | 2 | 3 | 0 |
# | 输出 2 | 0 | 0 | 1 | 2 | 3 |
#
# 每一行都是同一个核，每行往右挪一格；步幅是 2 就挪两格。其余全是 0：这样的矩阵叫稀疏矩阵（sparse matrix）。
# 输入是 $(1, 2, 0, -1, 3)$ 时，输出 0 是 $1 + 4 + 0 = 5$，输出 1 是 $2 + 0 - 3 = -1$，输出 2 是 $0 - 2 + 9 = 7$。
# %% [markdown] lang="en" numbers="5 -1 7"
# ### A convolution is a matrix
#
# Convolution is linear: each number of the output is a weighted sum of the numbers of the input.
# So it is a product with a matrix that has a row for each output and a column for each input.
# With the kernel $(1, 2, 3)$ and a width of 5 there are 3 places for the kernel, and the matrix has 3 rows:
#
# | | input 0 | input 1 | input 2 | input 3 | input 4 |
# |---|---|---|---|---|---|
# | output 0 | 1 | 2 | 3 | 0 | 0 |
# | output 1 | 0 | 1 | 2 | 3 | 0 |
# | output 2 | 0 | 0 | 1 | 2 | 3 |
#
# Each row is the same kernel, moved to the right by one place per row; with stride 2 by two. All else is 0: such a matrix is called **sparse**.
# For the input $(1, 2, 0, -1, 3)$ output 0 is $1 + 4 + 0 = 5$, output 1 is $2 + 0 - 3 = -1$, output 2 is $0 - 2 + 9 = 7$.
# %%
if __name__ == "__main__":
    signal, kernel = torch.tensor([1.0, 2, 0, -1, 3]), torch.tensor([1.0, 2, 3])
    # `None, None` adds a batch of one and one channel; `[0, 0]` takes both off again
    print("convolution:", F.conv1d(signal[None, None], kernel[None, None])[0, 0].int().tolist())


# %% [markdown] lang="zh"
# ### 练习 · 卷积的矩阵 · 10 分钟
#
# 返回上面那个矩阵：一行一个输出，一列一个输入；第 `i` 行里，核从第 `i * stride` 列开始。
# 行数是 `(width - k) // stride + 1`，`k` 是核的长度，不大于 `width`；dtype 与核相同。梯度不评判。
# 例如核 $(1, 2, 3)$、宽 5、步幅 2，给出 `[[1, 2, 3, 0, 0], [0, 0, 1, 2, 3]]`。
# %% [markdown] lang="en"
# ### Exercise · the matrix of a convolution · 10 min
#
# Return the matrix above: a row for each output, a column for each input; in row `i` the kernel begins at column `i * stride`.
# There are `(width - k) // stride + 1` rows; `k` is the length of the kernel, at most `width`; the dtype is the kernel's. Gradients aren't judged.
# The kernel $(1, 2, 3)$ with width 5 and stride 2, for example, gives `[[1, 2, 3, 0, 0], [0, 0, 1, 2, 3]]`.
# %% exercise="conv1d_matrix" difficulty=2 importance=3 minutes=10
def conv1d_matrix(kernel: Float[Tensor, " k"], width: int, stride: int = 1) -> Float[Tensor, "out width"]:
    """The matrix C for which C @ x is the convolution of a row x of that width with `kernel`."""
    # solution
    k = len(kernel)
    matrix = kernel.new_zeros((width - k) // stride + 1, width)
    for i, row in enumerate(matrix):
        row[i * stride : i * stride + k] = kernel
    return matrix


if __name__ == "__main__":
    if tests.test_conv1d_matrix(conv1d_matrix):
        matrix = conv1d_matrix(kernel, width=5)
        print("matrix times signal:", (matrix @ signal).int().tolist())
        print("transposed times that:", (matrix.T @ (matrix @ signal)).int().tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 先造一个全 0 的矩阵，再一行一行地写入核：第 `i` 行写在哪几列？
# %% [markdown] lang="en" tags=["hint"]
# Begin with a matrix of zeros and write the kernel into each row: into which columns of row `i`?
# %% [markdown] lang="zh" tags=["hint"]
# `kernel.new_zeros(rows, width)` 带着核的 dtype；切片 `a : a + k` 正好是 `k` 列。
# %% [markdown] lang="en" tags=["hint"]
# `kernel.new_zeros(rows, width)` takes the kernel's dtype; a slice `a : a + k` has exactly `k` columns.
# %% [markdown] lang="zh" numbers="1 12 123 230 300"
# ### 同一个矩阵，转置过来
#
# 卷积从 5 个数走到 3 个数；把矩阵转置（行变列），就从 3 个数走到 5 个数。
# 这就是转置卷积（transposed convolution）：*同一个稀疏矩阵，转置过来*。
#
# 用 $(1, 10, 100)$ 走一遍。转置后的矩阵，每一*列*是一个核，所以乘出来是几个核的加权和：
#
# | | 输出 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | 1 乘核 | 1 | 2 | 3 | | |
# | 10 乘核，右移 1 | | 10 | 20 | 30 | |
# | 100 乘核，右移 2 | | | 100 | 200 | 300 |
# | 和 | 1 | 12 | 123 | 230 | 300 |
#
# 卷积是“看”：每个输出收集一个窗口。转置卷积是“盖章”：每个输入把核乘上自己的值，盖在输出上，重叠的地方相加。
# %% [markdown] lang="en" numbers="1 12 123 230 300"
# ### The same matrix, transposed
#
# The convolution goes from 5 numbers to 3; with the matrix transposed (rows become columns) it goes from 3 numbers to 5.
# That is **transposed convolution**: *the same sparse matrix, transposed*.
#
# Walk through it with $(1, 10, 100)$. In the transposed matrix each *column* is a kernel, so the product is a weighted sum of kernels:
#
# | | output 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | 1 times the kernel | 1 | 2 | 3 | | |
# | 10 times, moved by 1 | | 10 | 20 | 30 | |
# | 100 times, moved by 2 | | | 100 | 200 | 300 |
# | sum | 1 | 12 | 123 | 230 | 300 |
#
# A convolution looks: each output gathers a window. A transposed convolution stamps: each input multiplies the kernel by its own value and stamps it on the output; where stamps overlap they add up.
# %%
if __name__ == "__main__":
    values, kernel = torch.tensor([1.0, 10, 100]), torch.tensor([1.0, 2, 3])
    print(F.conv_transpose1d(values[None, None], kernel[None, None])[0, 0].int().tolist())
    figures.stamps(values, kernel).show()


# %% [markdown] lang="zh" tags=["question"] see="conv1d_matrix"
# 有人把它叫作“反卷积”，说它把卷积撤销。
# 信号 $(1, 2, 0, -1, 3)$ 卷积后是 $(5, -1, 7)$；再做转置卷积，会得回原来的信号吗？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="conv1d_matrix"
# Some call it "deconvolution" and say that it undoes a convolution.
# The signal $(1, 2, 0, -1, 3)$ becomes $(5, -1, 7)$ by convolution; does the transposed convolution of that give the signal back? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 不会：得到 $(5, 9, 20, 11, 21)$。转置不是逆：三个数里装不下五个数，没有什么能把丢掉的找回来。
# 转置给回的只有*形状*和“谁与谁相连”（形状也只在步幅 1 时总能回来，后面会看到）。
# 它在另一处你早就用过：卷积对输入的梯度，正是上游梯度的转置卷积，下一格用自动求导验证。
# %% [markdown] lang="en" tags=["answer"]
# No: it gives $(5, 9, 20, 11, 21)$. A transpose is no inverse: three numbers don't hold five, and nothing brings back what was lost.
# All that the transpose gives back is the *shape*, and which input is connected with which output (and the shape always comes back only with stride 1, as you will see).
# You have already used it without knowing it: the gradient of a convolution with respect to its input is the transposed convolution of the upstream gradient; the next cell checks that by autograd.
# %%
if __name__ == "__main__":
    signal = torch.tensor([1.0, 2, 0, -1, 3], requires_grad=True)
    response = F.conv1d(signal[None, None], kernel[None, None])
    print("there and back:", F.conv_transpose1d(response, kernel[None, None])[0, 0].int().tolist())
    response.backward(torch.tensor([[[1.0, 10, 100]]]))  # backward from three numbers: their upstream gradients
    print("gradient for the upstream 1, 10, 100:", signal.grad.int().tolist())  # type: ignore


# %% [markdown] lang="zh" numbers="5 9 20 11 21 1 12 123 230 300"
# ### 它是卷积的反向传播，不是逆
#
# 来回一趟得到 $(5, 9, 20, 11, 21)$：形状回来了，数没有回来。三个数里装不下五个数。
# 第二行打印的 $1, 12, 123, 230, 300$ 你见过：就是 $(1, 10, 100)$ 的转置卷积。不是巧合：
# 卷积是 $y = Cx$，输出 $i$ 对输入 $j$ 的斜率是 $C_{ij}$。
# 上游梯度 $g$ 传回来时，输入 $j$ 按 $C$ 的第 $j$ 列把它们加权相加；所有输入合起来，就是 $C^\top g$。
# *卷积对输入的反向，是转置卷积；转置卷积的反向，又是普通的卷积。*
# %% [markdown] lang="en" numbers="5 9 20 11 21 1 12 123 230 300"
# ### It is a convolution's backward pass, and not its inverse
#
# There and back gives $(5, 9, 20, 11, 21)$: the shape is back, the numbers aren't. Three numbers don't hold five.
# The second line, $1, 12, 123, 230, 300$, you have seen: it is the transposed convolution of $(1, 10, 100)$. That is no accident.
# A convolution is $y = Cx$: the slope of output $i$ with respect to input $j$ is $C_{ij}$.
# When the upstream gradients $g$ come back, input $j$ adds them up, weighted by column $j$ of $C$; for all inputs together that is $C^\top g$.
# *A convolution's backward pass to its input is a transposed convolution, and that of a transposed convolution is an ordinary one.*
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 最简单的转置卷积 · 15 分钟
#
# 看表里“2”那一列，从上到下相加：$3 \cdot 1 + 2 \cdot 10 + 1 \cdot 100$。这等于把输入的窗口 $(1, 10, 100)$ 与*倒过来*的核 $(3, 2, 1)$ 做点积。
# 所以转置卷积可以用普通卷积来做：两端各补 `k - 1` 个 0，核翻转，再卷积。
# 加上批次和通道：权重的形状是 `c_in c_out k`，与 PyTorch 一样，*输入*通道在前；每个输出通道把所有输入通道加起来。从 `c_out` 个通道到 `c_in` 个的普通卷积，权重正是这个形状，这里反着用。
# 普通卷积可以调用，它要的权重是 `c_out c_in k`；名字里有 `conv_transpose` 的一律不许，别的都行。梯度要能回到 `x` 和 `weights`。
# 例如 `x` 是 `[[[1, 10, 100]]]`、权重是 `[[[1, 2, 3]]]`，给出 `[[[1, 12, 123, 230, 300]]]`。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · the simplest transposed convolution · 15 min
#
# Look at column "2" of the table, and add from top to bottom: $3 \cdot 1 + 2 \cdot 10 + 1 \cdot 100$. That is the dot product of the window $(1, 10, 100)$ and the *reversed* kernel $(3, 2, 1)$.
# So an ordinary convolution can do it: pad both ends with `k - 1` zeros, flip the kernel, convolve.
# With batch and channels: the weights have shape `c_in c_out k`, as in PyTorch, with the *input* channels first; each output channel adds up all input channels. An ordinary convolution from `c_out` channels to `c_in` has weights of just this shape; here they are used backwards.
# You may call an ordinary convolution, which wants weights of `c_out c_in k`; nothing with `conv_transpose` in its name, and all else is free. Gradients get back to `x` and `weights`.
# For `x` = `[[[1, 10, 100]]]` and weights `[[[1, 2, 3]]]`, for example, the result is `[[[1, 12, 123, 230, 300]]]`.
# %% exercise="conv_transpose1d_minimal" difficulty=3 importance=3 minutes=15
def conv_transpose1d_minimal(
    x: Float[Tensor, "batch c_in width"], weights: Float[Tensor, "c_in c_out k"]
) -> Float[Tensor, "batch c_out width+k-1"]:
    """What `F.conv_transpose1d(x, weights)` returns: stride 1, no padding, no bias."""
    # solution
    k = weights.shape[-1]
    return F.conv1d(F.pad(x, (k - 1, k - 1)), weights.transpose(0, 1).flip(-1))


if __name__ == "__main__":
    tests.test_conv_transpose1d_minimal(conv_transpose1d_minimal)


# %% [markdown] lang="zh" tags=["hint"]
# 输出比输入长 `k - 1`；普通卷积却使它短 `k - 1`。两端一共要补多少？
# %% [markdown] lang="en" tags=["hint"]
# The output is longer than the input by `k - 1`, while an ordinary convolution makes it shorter by `k - 1`. How many zeros in all?
# %% [markdown] lang="zh" tags=["hint"]
# 三步：`F.pad(x, (k - 1, k - 1))`；交换权重的前两个轴；沿最后一个轴翻转。
# %% [markdown] lang="en" tags=["hint"]
# Three steps: `F.pad(x, (k - 1, k - 1))`; swap the first two axes of the weights; flip the last one.
# %% [markdown] lang="zh" numbers="1 2 13 20 130 200 300"
# ### 步幅：印章隔几格
#
# 步幅 2 的卷积，矩阵每行挪两格；转置之后，就是每个印章挪两格。
# 还是 $(1, 10, 100)$，核 $(1, 2, 3)$：印章从 0、2、4 开始，和是 $1, 2, 13, 20, 130, 200, 300$。
#
# 再按列读：想成输入之间空出一格，$(1, 0, 10, 0, 100)$，然后是步幅 1 的转置卷积。
# 窗口仿佛每次只挪*半个*输入，所以也叫分数步幅（fractional stride）。
#
# 填充也反过来：卷积的填充在输入两端补 `p` 个，转置之后，就是把*输出*两端各去掉 `p` 个。
# 于是宽度为 $w$ 的输入给出
#
# $$(w - 1) \cdot s + k - 2p$$
#
# 个数：最后一个印章从 $(w - 1) \cdot s$ 开始，占 $k$ 格，再去掉两端。
# $w = 4, k = 4, s = 2, p = 1$ 时是 $6 + 4 - 2 = 8$：正好加倍，第 3 节的网络里到处是这组设置。
#
# $k = 3$ 时有点麻烦：$w = 7$ 给出 $12 + 3 - 2 = 13$，不是 14。核 3、步幅 2、填充 1 的卷积把 13 变成 7，把 14 也变成 7（除不尽，舍去余数）；所以反过来，7 可以变成 13，也可以变成 14。
# 公式给出小的那个；PyTorch 的 `output_padding=1` 在一端多加一个，给出 14。
# %% [markdown] lang="en" numbers="1 2 13 20 130 200 300"
# ### Stride: stamps further apart
#
# With stride 2 each row of a convolution's matrix is moved by two; transposed, each stamp is moved by two.
# Once more $(1, 10, 100)$ and the kernel $(1, 2, 3)$: the stamps begin at 0, 2 and 4, and the sum is $1, 2, 13, 20, 130, 200, 300$.
#
# Read it by column again: put a zero between the inputs, $(1, 0, 10, 0, 100)$, and then it is a transposed convolution of stride 1.
# It is as if the window moved by *half* an input each time; that is why it is also called **fractional stride**.
#
# Padding is reversed as well: the padding of a convolution adds `p` to both ends of the input; transposed, it takes `p` away from both ends of the *output*.
# So an input of width $w$ gives
#
# $$(w - 1) \cdot s + k - 2p$$
#
# numbers: the last stamp begins at $(w - 1) \cdot s$ and takes $k$ places, and then both ends are cut.
# For $w = 4, k = 4, s = 2, p = 1$ that is $6 + 4 - 2 = 8$: exactly doubled; you will find these settings all over the networks of section 3.
#
# With $k = 3$ there is a small problem: $w = 7$ gives $12 + 3 - 2 = 13$, not 14. A convolution with kernel 3, stride 2 and padding 1 turns 13 into 7, and 14 into 7 as well (the division leaves a remainder, which is dropped); so on the way back 7 could become either.
# The formula gives the smaller one; PyTorch's `output_padding=1` adds one more number at one end, which makes 14.
# %%
if __name__ == "__main__":
    print(F.conv_transpose1d(values[None, None], kernel[None, None], stride=2)[0, 0].int().tolist())
    figures.stamps(values, kernel, stride=2).show()


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 空出几格 · 5 分钟
#
# 在相邻的元素之间放 `stride - 1` 个 0；开头之前、最后之后都不放。宽度至少是 1，`stride` 至少是 1。
# `[[[1, 10, 100]]]` 和步幅 3 给出 `[[[1, 0, 0, 10, 0, 0, 100]]]`。梯度要能回到 `x`。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · room in between · 5 min
#
# Put `stride - 1` zeros between neighbours; none before the first, none after the last. The width is at least 1, and so is `stride`.
# `[[[1, 10, 100]]]` with stride 3 gives `[[[1, 0, 0, 10, 0, 0, 100]]]`. Gradients get back to `x`.
# %% exercise="fractional_stride_1d" difficulty=2 importance=2 minutes=5
def fractional_stride_1d(x: Float[Tensor, "batch c width"], stride: int = 1) -> Float[Tensor, "batch c spread"]:
    """`x` with `stride - 1` zeros between neighbours."""
    # solution
    *rest, width = x.shape
    spread = x.new_zeros(*rest, (width - 1) * stride + 1)
    spread[..., ::stride] = x
    return spread


if __name__ == "__main__":
    tests.test_fractional_stride_1d(fractional_stride_1d)


# %% [markdown] lang="zh" tags=["hint"]
# 结果有多长？第一个元素到最后一个元素之间有 `width - 1` 步。
# %% [markdown] lang="en" tags=["hint"]
# How long is the result? From the first element to the last there are `width - 1` steps.
# %% [markdown] lang="zh" tags=["hint"]
# 先造全 0 的张量，再用切片 `[..., ::stride]` 写进去。
# %% [markdown] lang="en" tags=["hint"]
# Make a tensor of zeros, then write into the slice `[..., ::stride]`.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 一维转置卷积 · 15 分钟
#
# 加上步幅和填充；`padding` 可以是 0 到 `k - 1`，输出至少剩一个数。
# 例如 `[[[1, 10, 100]]]`、权重 `[[[1, 2, 3]]]`、步幅 2、填充 1，给出 `[[[2, 13, 20, 130, 200]]]`。
# 规矩与 `conv_transpose1d_minimal` 相同。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · transposed convolution in one dimension · 15 min
#
# Now with stride and padding; `padding` is from 0 to `k - 1`, and the output keeps at least one number.
# `[[[1, 10, 100]]]` with weights `[[[1, 2, 3]]]`, stride 2 and padding 1, for example, gives `[[[2, 13, 20, 130, 200]]]`.
# The rules are those of `conv_transpose1d_minimal`.
# %% exercise="conv_transpose1d" difficulty=3 importance=3 minutes=15
def conv_transpose1d(
    x: Float[Tensor, "batch c_in width"], weights: Float[Tensor, "c_in c_out k"], stride: int = 1, padding: int = 0
) -> Float[Tensor, "batch c_out out"]:
    """What `F.conv_transpose1d(x, weights, stride=stride, padding=padding)` returns."""
    # solution
    border = weights.shape[-1] - 1 - padding
    x = F.pad(fractional_stride_1d(x, stride), (border, border))
    return F.conv1d(x, weights.transpose(0, 1).flip(-1))


if __name__ == "__main__":
    tests.test_conv_transpose1d(conv_transpose1d)


# %% [markdown] lang="zh" tags=["hint"]
# 先空出几格，再像 `conv_transpose1d_minimal` 那样做；输出两端各少 `padding` 个，那么输入两端各要少补几个 0？
# %% [markdown] lang="en" tags=["hint"]
# Spread first, then go on as in `conv_transpose1d_minimal`; each end of the output is shorter by `padding`: how many fewer zeros does each end of the input need?
# %% [markdown] lang="zh" tags=["hint"]
# 每端补 `k - 1 - padding` 个 0；或者照旧补 `k - 1` 个，最后把输出切掉（当心 `padding` 是 0 时的切片 `-0`）。
# %% [markdown] lang="en" tags=["hint"]
# Pad each end with `k - 1 - padding` zeros; or pad with `k - 1` as before and cut the output at the end (beware of the slice `-0` where `padding` is 0).
# %% [markdown] lang="zh" tags=["question"] see="conv_transpose1d"
# 核 3、步幅 2、填充 1 的卷积，宽 7 给出 4，宽 8 也给出 4。那么同样设置的转置卷积，从 4 给出多少：7 还是 8？
# %% [markdown] lang="en" tags=["question"] see="conv_transpose1d"
# A convolution with kernel 3, stride 2, padding 1 turns a width of 7 into 4, and 8 into 4 as well. What does the transposed convolution with the same settings turn 4 into: 7 or 8?
# %% [markdown] lang="zh" tags=["answer"]
# 按公式 $(4 - 1) \cdot 2 + 3 - 2 = 7$。两个宽度都变成 4，反过来只能选一个。
# PyTorch 的 `output_padding=1` 用来选另一个：输出在一端多一格。
# 核 4、步幅 2、填充 1 也有两个宽度变成 4：8 和 9。不过公式选的正是 8：偶数的宽度减半，再加倍，正好回到原来的大小，所以它很常用。
# %% [markdown] lang="en" tags=["answer"]
# By the formula $(4 - 1) \cdot 2 + 3 - 2 = 7$. Both widths become 4, and on the way back one of them has to be chosen.
# PyTorch's `output_padding=1` chooses the other: one more number at one end of the output.
# With kernel 4, stride 2, padding 1 two widths become 4 as well: 8 and 9. But there the formula chooses 8: an even width is halved, then doubled, and is exactly back; that is why it is used so often.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 二维，空出几格 · 5 分钟
#
# 高的方向上相邻的行之间放 `stride_h - 1` 行 0，宽的方向上放 `stride_w - 1` 列 0；外面不放。
# 高 2、宽 3，步幅 2 和 3，给出高 3、宽 7。规矩同一维。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · room in two dimensions · 5 min
#
# Put `stride_h - 1` rows of zeros between neighbouring rows, and `stride_w - 1` columns between neighbouring columns; none outside.
# A height of 2 and a width of 3 with strides 2 and 3 give 3 and 7. The rules are those of one dimension.
# %% exercise="fractional_stride_2d" difficulty=2 importance=2 minutes=5
def fractional_stride_2d(
    x: Float[Tensor, "batch c height width"], stride_h: int, stride_w: int
) -> Float[Tensor, "batch c spread_h spread_w"]:
    """`x` with `stride_h - 1` rows of zeros between its rows, `stride_w - 1` columns of zeros between its columns."""
    # solution
    *rest, height, width = x.shape
    spread = x.new_zeros(*rest, (height - 1) * stride_h + 1, (width - 1) * stride_w + 1)
    spread[..., ::stride_h, ::stride_w] = x
    return spread


if __name__ == "__main__":
    tests.test_fractional_stride_2d(fractional_stride_2d)


# %% [markdown] lang="zh" tags=["hint"]
# 与一维相同，只是最后*两个*轴都要切片。
# %% [markdown] lang="en" tags=["hint"]
# As in one dimension, with slices for the last *two* axes.
# %% [markdown] lang="zh" tags=["hint"]
# 高是 `(height - 1) * stride_h + 1`，宽同理。
# %% [markdown] lang="en" tags=["hint"]
# The height is `(height - 1) * stride_h + 1`, and the width likewise.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 二维转置卷积 · 15 分钟
#
# 步幅和填充是一个数，或一对数（`tuple`），高在前；每个方向的填充在 0 与核的大小减 1 之间。
# `pair` 把一个数变成一对。规矩与一维相同：普通卷积可以调用，名字里有 `conv_transpose` 的不许。
# 例如 `1 1 2 2` 的全 1 输入、`1 1 2 2` 的全 1 核，步幅 1，给出 `[[1, 2, 1], [2, 4, 2], [1, 2, 1]]`。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · transposed convolution in two dimensions · 15 min
#
# Stride and padding are one number or a pair (a `tuple`), height first; the padding of each direction is from 0 to the kernel's size minus 1.
# `pair` turns one number into a pair. The rules are those of one dimension: you may call an ordinary convolution, nothing with `conv_transpose` in its name.
# An input of ones of `1 1 2 2` and a kernel of ones of `1 1 2 2`, for example, give `[[1, 2, 1], [2, 4, 2], [1, 2, 1]]` with stride 1.
# %%
IntOrPair = int | tuple[int, int]


def pair(value: IntOrPair) -> tuple[int, int]:
    """(height, width), of a pair or of one number for both."""
    return value if isinstance(value, tuple) else (value, value)


# %% exercise="conv_transpose2d" difficulty=3 importance=3 minutes=15
def conv_transpose2d(
    x: Float[Tensor, "batch c_in height width"],
    weights: Float[Tensor, "c_in c_out kh kw"],
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
) -> Float[Tensor, "batch c_out out_h out_w"]:
    """What `F.conv_transpose2d(x, weights, stride=stride, padding=padding)` returns."""
    # solution
    pad_h, pad_w = (k - 1 - p for k, p in zip(weights.shape[-2:], pair(padding), strict=True))
    x = F.pad(fractional_stride_2d(x, *pair(stride)), (pad_w, pad_w, pad_h, pad_h))
    return F.conv2d(x, weights.transpose(0, 1).flip(-2, -1))


if __name__ == "__main__":
    tests.test_conv_transpose2d(conv_transpose2d)


# %% [markdown] lang="zh" tags=["hint"]
# 一维的三步，每步都多一个轴；`F.pad` 先说最后一个轴：左、右、上、下。
# %% [markdown] lang="en" tags=["hint"]
# The three steps of one dimension, each with one more axis; `F.pad` begins with the last axis: left, right, top, bottom.
# %% [markdown] lang="zh" tags=["hint"]
# 核在*两个*方向上都要翻转：`flip(-2, -1)`，也就是旋转 180 度。
# %% [markdown] lang="en" tags=["hint"]
# The kernel is flipped in *both* directions: `flip(-2, -1)`, which is a turn by 180 degrees.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 转置卷积层 · 15 分钟
#
# 写成模块，没有偏置，与 `nn.ConvTranspose2d(…, bias=False)` 相等，参数名是 `weight`，形状是 `in_channels out_channels height width`；`kernel_size`、`stride`、`padding` 都可以是一个数或一对数。
# 不要继承 `nn.ConvTranspose2d`，里面也不放它；计算可以调用 `F.conv_transpose2d`，也可以调用你的函数。
#
# 初始值照 PyTorch：均匀分布，取值范围是 $\pm 1/\sqrt{n}$，其中 $n$ = `out_channels * height * width`。
# （PyTorch 总按权重的第二个轴算 $n$：普通卷积的 `out in h w` 里，它是 `in_channels`；这里的 `in out h w` 里，它是 `out_channels`。）
# 例如 `ConvTranspose2d(3, 4, (2, 8))` 的取值范围是 $\pm 1/\sqrt{64} = \pm 0.125$。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · a layer of transposed convolution · 15 min
#
# As a module, without a bias, equal to `nn.ConvTranspose2d(…, bias=False)`; its parameter is called `weight` and has shape `in_channels out_channels height width`; `kernel_size`, `stride` and `padding` are one number or a pair.
# Don't inherit from `nn.ConvTranspose2d`, and don't hold one inside; the computation may call `F.conv_transpose2d`, or your function.
#
# Its first values are like PyTorch's: uniformly distributed within $\pm 1/\sqrt{n}$, where $n$ = `out_channels * height * width`.
# (PyTorch's $n$ always counts the second axis of the weights: `in_channels` for a convolution, whose weights are `out in h w`, and `out_channels` here, where they are `in out h w`.)
# `ConvTranspose2d(3, 4, (2, 8))`, for example, begins within $\pm 1/\sqrt{64} = \pm 0.125$.
# %% exercise="ConvTranspose2d" difficulty=2 importance=3 minutes=15
class ConvTranspose2d(nn.Module):
    """`torch.nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride, padding, bias=False)`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrPair,
        stride: IntOrPair = 1,
        padding: IntOrPair = 0,
    ) -> None:
        super().__init__()
        # solution
        size = pair(kernel_size)
        self.stride, self.padding, self.bias = stride, padding, None
        bound = 1 / math.sqrt(out_channels * math.prod(size))
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels, *size).uniform_(-bound, bound))

    def forward(self, x: Float[Tensor, "batch c_in h w"]) -> Float[Tensor, "batch c_out h_out w_out"]:
        # solution
        return F.conv_transpose2d(x, self.weight, stride=self.stride, padding=self.padding)


if __name__ == "__main__":
    tests.test_ConvTranspose2d(ConvTranspose2d)


# %% [markdown] lang="zh" tags=["hint"]
# 与第 2 天的 `Conv2d` 逐行对照：哪两处 `in` 与 `out` 对调？
# %% [markdown] lang="en" tags=["hint"]
# Compare with day 2's `Conv2d`, line by line: in which two places do `in` and `out` change roles?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.empty(in_channels, out_channels, *size).uniform_(-bound, bound)`，再包成 `nn.Parameter`。
# %% [markdown] lang="en" tags=["hint"]
# `torch.empty(in_channels, out_channels, *size).uniform_(-bound, bound)`, made into an `nn.Parameter`.
# %% [markdown] lang="zh"
# ### 棋盘格
#
# 转置卷积有一个毛病，在生成的图里看得见。
# 输入全是 1，核也全是 1：每个输出就等于盖在它上面的印章的个数。
# %% [markdown] lang="en"
# ### Checkerboards
#
# Transposed convolution has a flaw that shows in generated pictures.
# Let the input be all ones, and the kernel too: then each output is the number of stamps that cover it.
# %% [markdown] lang="zh" tags=["question"] see="conv_transpose1d"
# 核 3、步幅 2：中间那些输出各盖了几个印章？都一样多吗？核 4、步幅 2 呢？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="conv_transpose1d"
# Kernel 3, stride 2: how many stamps cover each output in the middle? Is it the same number everywhere? And with kernel 4, stride 2? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 核 3：一格两个、一格一个，交替着来；二维就是 4、2、1 的棋盘。核 4：中间处处是两个，二维处处是 4。
# 只要核的大小能被步幅整除，除了边上，印章就铺得均匀。
# 均匀只是说*可以*不出棋盘：训练出来的核仍可能自己长出棋盘来。另一条路是先把图放大（每个像素变成 2×2 个相同的像素），再做普通卷积。
# %% [markdown] lang="en" tags=["answer"]
# Kernel 3: two, then one, and so on; in two dimensions a checkerboard of 4, 2 and 1. Kernel 4: two everywhere in the middle, in two dimensions 4.
# Whenever the stride divides the kernel's size, stamps lie evenly, except at the edge.
# Evenly means only that there *need* not be a checkerboard: a trained kernel can still grow one of its own. Another way is to enlarge the picture first (each pixel becomes 2×2 equal ones), and then apply an ordinary convolution.
# %%
if __name__ == "__main__":
    covered = {}
    for k in (3, 4):
        ones = torch.ones(1, 1, 6, 6)
        covered[k] = F.conv_transpose2d(ones, torch.ones(1, 1, k, k), stride=2, padding=1)[0, 0]
        print(f"kernel {k}, one row in the middle:", covered[k][5].int().tolist())
    figures.checkerboards(covered).show()


# %% [markdown] lang="zh"
# **现在你知道**：转置卷积乘的是卷积的矩阵的转置；每个输入盖一个印章，步幅把印章分开，填充切掉两端；它不是逆。用普通卷积来算，空开之后每端补的 0 就只有 $k - 1 - p$ 个：$k = 4$、$p = 1$ 时是 2 个。
# 步幅能整除核的大小（如 4 与 2），中间每个输出盖到的印章一样多；除不尽（如 3 与 2），就多少交替，成了棋盘。这只保证开头均匀：训练出来的核仍可能自己画出棋盘。
#
# 深入读：Odena、Dumoulin、Olah，“Deconvolution and Checkerboard Artifacts”（Distill，英文）。它多给了真实生成网络里的棋盘，以及先放大再卷积的对比。读时想：为什么几层叠起来会让棋盘更明显，而不是抹平？
# %% [markdown] lang="en"
# **Now you know**: transposed convolution multiplies by the transpose of a convolution's matrix; each input makes a stamp, the stride moves stamps apart, padding cuts both ends; and it is no inverse. If an ordinary convolution does the work, it therefore pads each end (of the spread input) with only $k - 1 - p$ zeros: 2 for $k = 4$, $p = 1$.
# Where the stride divides the kernel's size (2 and 4), all outputs in the middle are covered by equally many stamps; where it doesn't (2 and 3), larger and smaller counts alternate, which is the checkerboard. Equal counts are only a fair start: a trained kernel can still draw a checkerboard of its own.
#
# To go deeper: Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts" (Distill, English). It adds the checkerboards that large networks really draw, and the comparison with enlarging first and convolving afterwards. A question to read it with: why do several layers make a checkerboard stronger rather than smooth it out?
# %% [markdown] lang="zh"
# ## 2 · 三个激活函数
# ### ReLU 不够用的地方
#
# ReLU 把负数全变成 0，那里的斜率也是 0。
# 分辨真假的网络要把斜率*一路传回*画图的网络；路上处处是 0，画图的就学不到东西。
# 带泄漏的 ReLU（leaky ReLU）让负的一边保留一个小斜率，常用 0.2。斜率若取 1，就什么也没弯：卷积和线性层再多（批归一化不算），合起来也只是像素的一个加权和，再加一个常数。
# %% [markdown] lang="en"
# ## 2 · Three activations
# ### Where ReLU isn't enough
#
# ReLU turns all negative numbers to 0, and its slope there is 0 too.
# The network that tells real from fake hands slopes *all the way back* to the one that draws; if there are zeros all along the way, the one that draws learns nothing.
# A **leaky ReLU** keeps a small slope on the negative side, usually 0.2. A slope of 1 would bend nothing: however many convolutions and linear layers there are (leaving batch norm aside), together they would be one weighted sum of the pixels plus a constant.
# %% [markdown] lang="zh"
# ### 练习 · 带泄漏的 ReLU · 5 分钟
#
# 正数不变，负数乘以 `negative_slope`（从 0 到 1）：斜率 0.2 时，$-5, 0, 3$ 变成 $-1, 0, 3$。
# 自己写，不调用 `leaky_relu`（也不调用 `prelu`、`rrelu`）；`F.relu`、`torch.where`、`clamp` 随便用。恰好在 0 处的梯度不评判。
# %% [markdown] lang="en"
# ### Exercise · leaky ReLU · 5 min
#
# Positive numbers stay, negative ones are multiplied by `negative_slope` (from 0 to 1): with slope 0.2, $-5, 0, 3$ become $-1, 0, 3$.
# Write it yourself, without `leaky_relu` (nor `prelu`, `rrelu`); `F.relu`, `torch.where` and `clamp` are allowed. The gradient at exactly 0 isn't judged.
# %% exercise="LeakyReLU" difficulty=1 importance=3 minutes=5
class LeakyReLU(nn.Module):
    """`torch.nn.LeakyReLU(negative_slope)`."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        # solution
        self.negative_slope = negative_slope

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        # solution
        return torch.where(x > 0, x, self.negative_slope * x)


if __name__ == "__main__":
    tests.test_LeakyReLU(LeakyReLU)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.where(condition, a, b)` 逐个元素地二选一。
# %% [markdown] lang="en" tags=["hint"]
# `torch.where(condition, a, b)` chooses element by element.
# %% [markdown] lang="zh"
# ### 值对了，梯度却是 NaN
#
# sigmoid 把任何数变成 0 与 1 之间的数：$\sigma(x) = 1 / (1 + e^{-x})$。
# 照公式写，$x = -100$ 时 float32 的 $e^{100}$ 溢出成无穷，$1/\infty = 0$：值竟然是对的。
# 先猜：那里的梯度是多少？
# %% [markdown] lang="en"
# ### The value is right, and the gradient is NaN
#
# The **sigmoid** turns any number into one between 0 and 1: $\sigma(x) = 1 / (1 + e^{-x})$.
# If you write it like its formula, then at $x = -100$ in float32 $e^{100}$ overflows to infinity, and $1/\infty = 0$: the value happens to be right.
# Guess first: what is the gradient there?
# %%
if __name__ == "__main__":
    x = torch.tensor(-100.0, requires_grad=True)
    y = 1 / (1 + (-x).exp())
    y.backward()
    print("value", y.item(), "gradient", x.grad.item())  # type: ignore


# %% [markdown] lang="zh" tags=["question"] see="Sigmoid"
# NaN 从哪里来？
# %% [markdown] lang="en" tags=["question"] see="Sigmoid"
# Where does the NaN come from?
# %% [markdown] lang="zh" tags=["answer"]
# 链式法则把两段斜率相乘：$1/u$ 在 $u = \infty$ 处的斜率是 0，$e^{-x}$ 的斜率是 $\infty$；$0 \cdot \infty$ 没有定义，就是 NaN。
# 用 `torch.where` 把两种写法拼起来也救不了：没被选中的那一支，梯度仍然要乘 0，而 $0 \cdot \infty$ 还是 NaN。
# 要让 $e$ 的指数从头就不为正，或者把大数留在对数里：$\sigma(x) = e^{-\ln(1 + e^{-x})}$，其中的对数要整个交给一个不会溢出的函数；先算 $1 + e^{-x}$ 再取对数，照样溢出。
# %% [markdown] lang="en" tags=["answer"]
# The chain rule multiplies two slopes: that of $1/u$ at $u = \infty$ is 0, that of $e^{-x}$ is $\infty$; $0 \cdot \infty$ is undefined, and so NaN.
# Two formulas joined by `torch.where` don't save it: the gradient of the branch that wasn't chosen is still multiplied by 0, and $0 \cdot \infty$ stays NaN.
# Keep the exponent of $e$ from being positive in the first place, or keep large numbers inside a logarithm: $\sigma(x) = e^{-\ln(1 + e^{-x})}$, where one function computes the whole logarithm without overflow; to compute $1 + e^{-x}$ first and then take the logarithm overflows as before.
# %% [markdown] lang="zh"
# ### 练习 · sigmoid · 10 分钟
#
# 值与梯度在任何有限的输入处都对，包括 $\pm 1000$ 和 0：$\sigma(0) = 0.5$，那里的斜率是 0.25；很远处斜率是 0，不是 NaN。
# 不许调用 `sigmoid`、`logsigmoid`、`tanh`、`silu`、`expit`；`exp`、`logaddexp`、`clamp`、`softmax` 和 `F.softplus`（$\ln(1 + e^x)$）都可以。
# （公式里若有 $|x|$，当心：PyTorch 说它在 0 处的斜率是 0，你的斜率在那里就会错。）
# %% [markdown] lang="en"
# ### Exercise · sigmoid · 10 min
#
# Value and gradient are right at every finite input, also at $\pm 1000$ and at 0: $\sigma(0) = 0.5$, with the slope 0.25; far from 0 the slope is 0, and not NaN.
# Don't call `sigmoid`, `logsigmoid`, `tanh`, `silu` or `expit`; `exp`, `logaddexp`, `clamp`, `softmax` and `F.softplus` ($\ln(1 + e^x)$) are allowed.
# (Beware of a formula with $|x|$: PyTorch takes 0 for its slope at 0, and there your slope would be wrong.)
# %% exercise="Sigmoid" difficulty=2 importance=3 minutes=10
class Sigmoid(nn.Module):
    """`torch.nn.Sigmoid()`, with values and gradients that never overflow."""

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        # solution
        return (-torch.logaddexp(torch.zeros_like(x), -x)).exp()


if __name__ == "__main__":
    tests.test_Sigmoid(Sigmoid)


# %% [markdown] lang="zh" tags=["hint"]
# $\ln(1 + e^{-x})$ 等于 $\ln(e^0 + e^{-x})$：哪个函数不溢出地算“指数之和的对数”？
# %% [markdown] lang="en" tags=["hint"]
# $\ln(1 + e^{-x})$ is $\ln(e^0 + e^{-x})$: which function computes the logarithm of a sum of exponentials without overflow?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.logaddexp(a, b)`，或 `F.softplus`；前面加负号，再取 `exp`。
# %% [markdown] lang="en" tags=["hint"]
# `torch.logaddexp(a, b)`, or `F.softplus`; then a minus sign, and `exp`.
# %% [markdown] lang="zh"
# ### 练习 · tanh · 5 分钟
#
# 双曲正切（tanh）的范围是 $-1$ 到 1：$\tanh x = (e^x - e^{-x}) / (e^x + e^{-x})$。
# 它与 sigmoid 是同一条曲线，只是平移、拉伸过：想想 $2 \sigma(2x) - 1$。
# 画图的网络最后一层用它，因为我们把像素也调到 $-1$（黑）到 1（白）。若真图留在 0 到 1，假图里一有负数，分辨真假的网络就知道是假的，不用看画的是什么：两边的范围必须一样。
# 值与梯度在 $\pm 1000$ 和 0 处也要对（0 处斜率是 1），值的误差在 $10^{-6}$ 以内都算对。不许调用 `tanh`、`sinh`、`cosh`、`sigmoid`；你的 `Sigmoid()` 可以用，只要它自己没有调用这些。
# %% [markdown] lang="en"
# ### Exercise · tanh · 5 min
#
# The **hyperbolic tangent** (tanh) goes from $-1$ to 1: $\tanh x = (e^x - e^{-x}) / (e^x + e^{-x})$.
# It is the curve of the sigmoid, moved and stretched: think of $2 \sigma(2x) - 1$.
# The network that draws ends in it, because we also scale our pixels to go from $-1$ (black) to 1 (white). If real pictures were left at 0 to 1, any negative number would tell the other network that a picture is fake, whatever it shows: both kinds must have the same range.
# Value and gradient are right at $\pm 1000$ and at 0 as well (where the slope is 1); values may be off by $10^{-6}$. Don't call `tanh`, `sinh`, `cosh` or `sigmoid`; your `Sigmoid()` is allowed as long as it calls none of these.
# %% exercise="Tanh" difficulty=2 importance=3 minutes=5
class Tanh(nn.Module):
    """`torch.nn.Tanh()`, with values and gradients that never overflow."""

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        # solution
        return 2 * Sigmoid()(2 * x) - 1


if __name__ == "__main__":
    if tests.test_Tanh(Tanh):
        for x in (-1000.0, -1.0, 0.0, 1000.0):
            print(f"tanh({x:g}) = {Tanh()(torch.tensor(x)).item():.4f}")


# %% [markdown] lang="zh" tags=["hint"]
# 把 $\sigma(2x) = 1/(1 + e^{-2x})$ 的分子分母同乘 $e^x$，再看 $2\sigma(2x) - 1$。
# %% [markdown] lang="en" tags=["hint"]
# Multiply numerator and denominator of $\sigma(2x) = 1/(1 + e^{-2x})$ by $e^x$, then look at $2\sigma(2x) - 1$.
# %% [markdown] lang="zh" tags=["hint"]
# 一行就够：稳定性由 `Sigmoid` 保证。
# %% [markdown] lang="en" tags=["hint"]
# One line will do: `Sigmoid` takes care of stability.
# %% [markdown] lang="zh"
# ## 3 · 两个网络
# ### 造假的和鉴定的
#
# 怎样判断一张图“像不像数字”？没有公式。生成对抗网络（generative adversarial network，GAN）的办法是：把这个判断也学出来，让两个网络互相对抗。
# - 生成器（generator）$G$ 是造假者：它收到一串随机数 $z$，叫噪声（noise），画出一张图 $G(z)$。噪声不同，图就不同；同一个 $z$ 给 eval 模式的同一个 $G$，总是同一张图。$z$ 若只有一个数，所有的图就只能排成一条曲线，花样有限。
# - 判别器（discriminator）$D$ 是鉴定师：它收到一张图，说它是真的（来自数据）的可能有多大。
#
# 二者轮流训练：$D$ 学着分清真假，$G$ 学着骗过 $D$。与真的造假者不同，$G$ 从来看不到一张真图；它知道的一切，都是从 $D$ 的梯度里来的。
# 下面的结构叫深度卷积 GAN（DCGAN）：缩小用卷积，放大用转置卷积，核都是 4×4，步幅 2，填充 1；$D$ 是 $G$ 倒过来。
# 缩小为什么不用最大池化？它只把梯度传给窗口里最大的那一格，别的格该怎样改，就传不回 $G$；带步幅的卷积传给每一格，而且怎样缩小也是学来的。
# 跳过了第 1 节的话，知道这些就够：转置卷积把每个输入乘上核，像印章一样盖在输出上，下一个印章挪一个步幅，重叠处相加，最后两端各去掉填充那么多。宽 $w$ 变成 $(w - 1) \cdot s + k - 2p$，这里是 $2(w - 1) + 4 - 2 = 2w$，正好加倍。
# $z$ 怎样变成第一张小图？许多 DCGAN 的代码把它看成 1×1 的图，一个数一个通道，再用核 4、步幅 1、填充 0 的转置卷积变成 4×4：$(1 - 1) \cdot 1 + 4 = 4$。那里的每个输出都是整个 $z$ 的一个加权和，所以线性层加变形算的是同一件事；我们像 DCGAN 的论文那样用线性层，大小随意。
# %% [markdown] lang="en"
# ## 3 · Two networks
# ### The forger and the expert
#
# How does one measure whether a picture looks like a digit? There is no formula. A **generative adversarial network** (GAN) learns that judgement, too: it has two networks, and each is the adversary (the opponent) of the other.
# - The **generator** $G$ is the forger: it gets a row of random numbers $z$, called **noise**, and draws a picture $G(z)$. Different noise gives a different picture; and the same $z$, given to the same $G$ in eval mode, always gives the same picture. If $z$ were a single number, all pictures would lie on a single curve, with little variety.
# - The **discriminator** $D$ is the expert: it gets a picture, and says how likely it is to be real (to come from the data).
#
# They are trained in turns: $D$ learns to tell real from fake, $G$ learns to fool $D$. Unlike a real forger, $G$ never sees a real picture; all that it knows comes from the gradients of $D$.
# The layout below is called **deep convolutional GAN** (DCGAN): it shrinks by convolutions and grows by transposed convolutions, always with kernel 4×4, stride 2 and padding 1; $D$ is $G$ backwards.
# Why not shrink by max pooling? It passes a gradient only to the place of each window that holds the largest value, and $G$ is never told how the others should change; a convolution with a stride passes it to every place, and learns how to shrink.
# If you skipped section 1, this is enough: a transposed convolution multiplies the kernel by each input and stamps it on the output, each stamp one stride further on; where stamps overlap they add up, and at the end the padding is cut off both ends. A width $w$ becomes $(w - 1) \cdot s + k - 2p$, here $2(w - 1) + 4 - 2 = 2w$: exactly doubled.
# How does $z$ become a first small picture? Much code for DCGANs treats it as a picture of 1×1 with a channel for each number, and makes 4×4 of it by a transposed convolution with kernel 4, stride 1 and padding 0: $(1 - 1) \cdot 1 + 4 = 4$. Each output there is a weighted sum of the whole of $z$, and a linear layer, reshaped, computes just that; like the DCGAN's paper we take the linear layer, for any size.
# %%
def first_size(img_size: int, n_layers: int) -> int:
    """The side of the picture before its first doubling; raises ValueError where it is no whole number."""
    size, rest = divmod(img_size, 2**n_layers)  # the whole quotient, and what is left over
    if rest:
        raise ValueError(f"{n_layers} layers make a picture 2**{n_layers} times as large: {img_size} is no multiple")
    return size


if __name__ == "__main__":
    figures.networks(img_size=8, hidden_channels=(64, 128), latent_dim=32).show()


# %% [markdown] lang="zh"
# ### 练习 · 生成器 · 20 分钟
#
# `hidden_channels` 从图的一边数起：`(64, 128)` 表示最里面是 128 个通道，然后 64，最后是图的通道。$G$ 倒着走它：
# 1. `Linear`，没有偏置，从 `latent_dim` 到 `hidden_channels[-1] * size * size`，`size` 是 `first_size(img_size, len(hidden_channels))`；变形成 `batch hidden_channels[-1] size size`；批归一化；ReLU。
# 2. 对每个后面的通道数：转置卷积（4×4，步幅 2，填充 1，没有偏置）、批归一化、ReLU。有偏置也白费：批归一化减去均值，把加上的常数一起减掉，再加上自己的 `bias`。从 128 个通道到 64 个，权重是 $128 \cdot 64 \cdot 4 \cdot 4 = 131072$ 个。
# 3. 最后一个转置卷积也没有偏置；它后面不是批归一化和 ReLU，而是 tanh。
#
# 各层按使用的顺序登记。例如 `Generator(32, 8, 1, (64, 128))` 把 `5 32` 变成 `5 1 8 8`，值在 $-1$ 与 1 之间。`img_size` 不是 $2^n$（$n$ 层）的倍数的情形，这里和判别器都不评判。
# 为什么最后不用批归一化？它会逼着每一批图的均值和分散程度都一样，$G$ 就不能自由地选黑白。
# %% [markdown] lang="en"
# ### Exercise · the generator · 20 min
#
# `hidden_channels` counts from the picture's side: `(64, 128)` means 128 channels innermost, then 64, then those of the picture. $G$ goes through it backwards:
# 1. `Linear`, without bias, from `latent_dim` to `hidden_channels[-1] * size * size`, where `size` is `first_size(img_size, len(hidden_channels))`; reshaped to `batch hidden_channels[-1] size size`; batch norm; ReLU.
# 2. For each of the following numbers of channels: transposed convolution (4×4, stride 2, padding 1, no bias), batch norm, ReLU. A bias would be wasted: batch norm subtracts the mean, and any constant with it, then adds a `bias` of its own. From 128 to 64 channels there are $128 \cdot 64 \cdot 4 \cdot 4 = 131072$ weights.
# 3. The last transposed convolution has no bias either; after it stands no batch norm and no ReLU, but tanh.
#
# Register the layers in the order of use. `Generator(32, 8, 1, (64, 128))`, for example, turns `5 32` into `5 1 8 8`, with values between $-1$ and 1. An `img_size` that is no multiple of $2^n$ ($n$ layers) isn't judged, here and in the discriminator.
# Why no batch norm at the end? It would force the same mean and spread on every batch of pictures, and $G$ could not freely choose black and white.
# %% exercise="Generator" difficulty=3 importance=5 minutes=20
class Generator(nn.Module):
    """Pictures out of noise, from -1 to 1; its layers are registered in the order in which they are used."""

    def __init__(self, latent_dim: int, img_size: int, img_channels: int, hidden_channels: Sequence[int]) -> None:
        super().__init__()
        # solution
        size, widths = first_size(img_size, len(hidden_channels)), [*reversed(hidden_channels), img_channels]
        self.first = (widths[0], size, size)
        self.project = Linear(latent_dim, math.prod(self.first), bias=False)
        layers = [BatchNorm2d(widths[0]), ReLU()]
        for c_in, c_out in pairwise(widths):
            layers += [ConvTranspose2d(c_in, c_out, 4, stride=2, padding=1), BatchNorm2d(c_out), ReLU()]
        self.grow = Sequential(*layers[:-2], Tanh())

    def forward(self, z: Float[Tensor, "batch latent_dim"]) -> Float[Tensor, "batch c h w"]:
        # solution
        return self.grow(self.project(z).reshape(-1, *self.first))


if __name__ == "__main__":
    if tests.test_Generator(Generator):
        print(tuple(Generator(32, 8, 1, (64, 128))(torch.randn(5, 32)).shape))


# %% [markdown] lang="zh" tags=["hint"]
# 写出 `(64, 128)` 时的通道顺序：线性层给 128，然后呢？相邻的两个数就是一层的 `c_in` 和 `c_out`。
# %% [markdown] lang="en" tags=["hint"]
# Write down the order of channels for `(64, 128)`: the linear layer gives 128, and then? Two neighbours are a layer's `c_in` and `c_out`.
# %% [markdown] lang="zh" tags=["hint"]
# `itertools.pairwise([128, 64, 1])` 给出 `(128, 64)` 和 `(64, 1)`；每一对加三层，最后去掉两层，换上 tanh。
# %% [markdown] lang="en" tags=["hint"]
# `itertools.pairwise([128, 64, 1])` gives `(128, 64)` and `(64, 1)`; add three layers for each, at the end take two away and put tanh in their place.
# %% [markdown] lang="zh" tags=["hint"]
# 变形不是层：在 `forward` 里写 `reshape`，或者用 `nn.Unflatten`。
# %% [markdown] lang="en" tags=["hint"]
# The change of shape is no layer: `reshape` in `forward`, or `nn.Unflatten`.
# %% [markdown] lang="zh"
# ### 练习 · 判别器 · 15 分钟
#
# 1. 对每个通道数：卷积（4×4，步幅 2，填充 1，没有偏置）、批归一化、斜率 0.2 的 LeakyReLU；*第一层没有批归一化*，让 $D$ 看到像素本来的亮度。
# 2. 展平；`Linear`，有偏置，从 `hidden_channels[-1] * size * size` 到 1。
#
# 返回形状是 `batch` 的一串*分数*（logit），不经过 sigmoid：分数是 $a$ 时，概率是 $\sigma(a)$；分数 0 就是“一半一半”。为什么不经过，第 4 节会看到。
# `Discriminator(8, 1, (64, 128))` 把 `5 1 8 8` 变成 5 个数；各层按使用的顺序登记。
# %% [markdown] lang="en"
# ### Exercise · the discriminator · 15 min
#
# 1. For each number of channels: convolution (4×4, stride 2, padding 1, no bias), batch norm, LeakyReLU with slope 0.2; *the first convolution has no batch norm*, so that $D$ sees how bright the pixels really are.
# 2. Flatten; `Linear`, with a bias, from `hidden_channels[-1] * size * size` to 1.
#
# It returns a row of *scores* (logits) of shape `batch`, not passed through a sigmoid: a score $a$ means the probability $\sigma(a)$, and a score of 0 means "half and half". Section 4 shows why there is no sigmoid.
# `Discriminator(8, 1, (64, 128))` turns `5 1 8 8` into 5 numbers; register the layers in the order of use.
# %% exercise="Discriminator" difficulty=2 importance=5 minutes=15
class Discriminator(nn.Module):
    """A score for each picture, the higher the more real; its layers are registered in the order of use."""

    def __init__(self, img_size: int, img_channels: int, hidden_channels: Sequence[int]) -> None:
        super().__init__()
        # solution
        layers: list[nn.Module] = []
        for c_in, c_out in pairwise([img_channels, *hidden_channels]):
            layers += [Conv2d(c_in, c_out, 4, stride=2, padding=1), BatchNorm2d(c_out), LeakyReLU(0.2)]
        del layers[1]  # no batch norm beside the pixels
        size = first_size(img_size, len(hidden_channels))
        self.body = Sequential(*layers, Flatten())
        self.head = Linear(hidden_channels[-1] * size**2, 1)

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, " batch"]:
        # solution
        return self.head(self.body(x)).squeeze(dim=-1)


if __name__ == "__main__":
    tests.test_Discriminator(Discriminator)


# %% [markdown] lang="zh" tags=["hint"]
# 与生成器同样的循环，方向相反：`pairwise([img_channels, *hidden_channels])`。
# %% [markdown] lang="en" tags=["hint"]
# The generator's loop in the other direction: `pairwise([img_channels, *hidden_channels])`.
# %% [markdown] lang="zh" tags=["hint"]
# 线性层给出 `batch 1`；`squeeze(dim=-1)` 去掉最后那个轴（不写 `dim`，一张图时会连批次也去掉）。
# %% [markdown] lang="en" tags=["hint"]
# The linear layer gives `batch 1`; `squeeze(dim=-1)` takes that last axis away (without `dim` it takes the batch as well when there is a single picture).
# %% [markdown] lang="zh" numbers="10.0 1.0"
# ### 初始值为什么要小
#
# 100 个独立的标准正态数，各乘一个权重再加起来；权重也是抽来的，均值 0，标准差 $s$。每一项的方差是 $s^2$，100 项加起来是 $100 s^2$，所以和的标准差是 $\sqrt{100}\, s = 10 s$。
# 后面若接 tanh：$s = 1$ 时和的标准差是 10.0，约八成的 tanh 离 $\pm 1$ 不到 0.01，那里的斜率接近 0，学不动；$s = 0.1$ 时是 1.0，大多落在有斜率的地方。
# DCGAN 取 0.02：最后一层，除了边上，每个像素盖着 4 个印章，64 个通道就有 256 项。
# $\sqrt{256} \cdot 0.02 = 0.32$（前面的 ReLU 把约一半变成 0，所以其实还要小些），tanh 还远没有变平；中间各层后面有批归一化，会再调到 1。
# 批归一化最后还要乘上自己的 `weight`，所以这个 `weight` 从 1 附近开始：大了，后面的 tanh 又被推到平的地方；接近 0，信号和梯度都几乎过不去。
# %% [markdown] lang="en" numbers="10.0 1.0"
# ### Why first values are small
#
# Take 100 independent standard normal numbers, each times a weight, and add them up; weights are drawn as well, with mean 0 and standard deviation $s$. Each term has variance $s^2$, 100 of them $100 s^2$, and so the sum has standard deviation $\sqrt{100}\, s = 10 s$.
# If a tanh follows: with $s = 1$ the sums have standard deviation 10.0, and about eight in ten of the tanhs are within 0.01 of $\pm 1$, where the slope is nearly 0 and hardly anything is learned; with $s = 0.1$ it is 1.0, and most are where tanh has a slope.
# The DCGAN takes 0.02. In the last layer 4 stamps lie on each pixel (fewer at the edge), in each of 64 channels, which makes 256 terms.
# As $\sqrt{256} \cdot 0.02 = 0.32$ (in fact less, since the ReLU before it turns about half of its inputs to 0), tanh is far from flat; batch norm follows the layers in between, and brings them back to 1.
# At its end batch norm multiplies by a `weight` of its own, and that is why this `weight` begins near 1: a large one would again push the tanh to where it is flat, and with one near 0 hardly any signal or gradient would pass.
# %%
if __name__ == "__main__":
    inputs, weights = torch.randn(2, 1000, 100, generator=torch.Generator().manual_seed(0))
    for s in (1.0, 0.1):
        sums = inputs @ (s * weights).T
        flat = (sums.tanh().abs() > 0.99).float().mean()
        print(f"weights of {s}: sums of {sums.std():.1f}, share of tanh that is flat {flat:.1f}")


# %% [markdown] lang="zh"
# ### 练习 · 初始值 · 10 分钟
#
# 两个网络互相追赶，开头若一边强得多，另一边就可能再也追不上。DCGAN 的作者按层的种类规定了初始值：
#
# | 层 | `weight` | `bias`（若有） |
# |---|---|---|
# | 卷积、转置卷积、线性层 | 正态分布，均值 0，标准差 0.02 | 0 |
# | 批归一化 | 正态分布，均值 *1*，标准差 0.02 | 0 |
#
# 就地改写参数：每个元素各自抽取，参数还是原来的对象，不记梯度；缓冲区（运行统计量）和别种层不动；列出的层都有 `weight`。什么也不返回。
# 模型可以是一层一层套起来的，也可以它自己就是一个层。下一格给出的 `WEIGHTED` 和 `NORMS` 列出了要认的种类。
# %% [markdown] lang="en"
# ### Exercise · first values · 10 min
#
# The two networks chase each other, and if one is much stronger at first, the other may never catch up. The authors of the DCGAN prescribe the first values by type of layer:
#
# | layer | `weight` | `bias` (if any) |
# |---|---|---|
# | convolution, transposed convolution, linear | normal, mean 0, standard deviation 0.02 | 0 |
# | batch norm | normal, mean *1*, standard deviation 0.02 | 0 |
#
# Change the parameters in place: each entry is drawn on its own, the parameters stay the same objects, no gradients are recorded; buffers (running statistics) and layers of other types stay as they are; all layers of the table have a `weight`. Nothing is returned.
# The model may be nested, or be a single layer itself. `WEIGHTED` and `NORMS` in the next cell list the types to recognise.
# %%
WEIGHTED = Conv2d, ConvTranspose2d, Linear, nn.Conv2d, nn.ConvTranspose2d, nn.Linear
NORMS = BatchNorm2d, nn.BatchNorm2d


# %% exercise="initialize_weights" difficulty=2 importance=4 minutes=10
def initialize_weights(model: nn.Module) -> None:
    """Draws the parameters of all layers anew, by the table, in place."""
    # solution
    for layer in model.modules():
        if isinstance(layer, (*WEIGHTED, *NORMS)):
            nn.init.normal_(layer.weight, mean=float(isinstance(layer, NORMS)), std=0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


if __name__ == "__main__":
    tests.test_initialize_weights(initialize_weights)


# %% [markdown] lang="zh" tags=["hint"]
# `model.modules()` 给出模型自己和里面的每一层；`isinstance(layer, NORMS)` 认种类。
# %% [markdown] lang="en" tags=["hint"]
# `model.modules()` gives the model itself and every layer inside; `isinstance(layer, NORMS)` recognises a type.
# %% [markdown] lang="zh" tags=["hint"]
# `nn.init.normal_` 和 `nn.init.zeros_` 就地改写，也不记梯度。没有偏置的层，`bias` 是 `None`；你自己的 `ConvTranspose2d` 也许根本没有这个属性：`getattr(layer, "bias", None)` 两种都行。
# %% [markdown] lang="en" tags=["hint"]
# `nn.init.normal_` and `nn.init.zeros_` work in place and record no gradients. In a layer without a bias, `bias` is `None`; your own `ConvTranspose2d` may lack the attribute: `getattr(layer, "bias", None)` serves for both.
# %% [markdown] lang="zh"
# ### 练习 · DCGAN · 5 分钟
#
# 把两个网络放在一起：`generator` 和 `discriminator` 两个属性（名字就是这两个），参数如上，造好以后按表初始化。
# `sample(n)` 抽 `n` 份新的噪声（标准正态分布，形状 `n latent_dim`，取自 torch 的全局发生器，放在参数所在的设备上），返回 $G$ 画的图。
# *不要*关掉梯度，也不要换模式：训练也用它，$G$ 的梯度就从这里经过。
# %% [markdown] lang="en"
# ### Exercise · the DCGAN · 5 min
#
# Put both networks together, as the attributes `generator` and `discriminator` (these very names), with the arguments as above; after they are made, initialise them by the table.
# `sample(n)` draws `n` fresh rows of noise (standard normal, shape `n latent_dim`, from torch's global generator, on the device of the parameters), and returns the pictures that $G$ draws.
# *Don't* switch gradients off or change the mode: training uses it as well, and the gradients of $G$ pass through here.
# %% exercise="DCGAN" difficulty=2 importance=4 minutes=5
class DCGAN(nn.Module):
    """A `generator` and a `discriminator`, with first values by the table."""

    def __init__(
        self, latent_dim: int = 32, img_size: int = 8, img_channels: int = 1, hidden_channels: Sequence[int] = (64, 128)
    ) -> None:
        super().__init__()
        # solution
        self.latent_dim = latent_dim
        self.generator = Generator(latent_dim, img_size, img_channels, hidden_channels)
        self.discriminator = Discriminator(img_size, img_channels, hidden_channels)
        initialize_weights(self)

    def sample(self, n: int) -> Float[Tensor, "n c h w"]:
        """`n` pictures from fresh noise."""
        # solution
        return self.generator(torch.randn(n, self.latent_dim, device=next(self.parameters()).device))


if __name__ == "__main__":
    if tests.test_DCGAN(DCGAN):
        large = DCGAN(latent_dim=100, img_size=64, img_channels=3, hidden_channels=(64, 128, 256, 512))
        drawn = large.sample(2)
        n = sum(p.numel() for p in large.parameters())
        print(f"pictures {tuple(drawn.shape)}, scores {tuple(large.discriminator(drawn).shape)}, {n:,} parameters")  # type: ignore


# %% [markdown] lang="zh" tags=["hint"]
# `initialize_weights(self)` 一次管两个网络；什么时候调用它？
# %% [markdown] lang="en" tags=["hint"]
# `initialize_weights(self)` covers both networks at once; when do you call it?
# %% [markdown] lang="zh" tags=["hint"]
# 噪声是 `torch.randn(n, latent_dim, device=…)`；记住 `latent_dim`，设备可以问任何一个参数。
# %% [markdown] lang="en" tags=["hint"]
# Noise is `torch.randn(n, latent_dim, device=…)`; remember `latent_dim`, and ask any parameter for its device.
# %% [markdown] lang="zh" numbers="0.75 1.3863"
# ## 4 · 一场两个人的游戏
# ### 鉴定师的损失
#
# 鉴定师的任务是二分类：真图标 1，假图标 0，损失是交叉熵：
#
# $$L_D = -\ln D(x) \;-\; \ln(1 - D(G(z)))$$
#
# 前一项对一批真图取平均，后一项对一批假图取平均，两项相加；这里 $D$ 说的是概率。
# 哪一边叫 1 只是约定：$\sigma(-a) = 1 - \sigma(a)$，换过来，只是每个分数变号。要紧的是两个人守同一个约定：造假者想让假图得到的，正是鉴定师给真图的那个标签。只换一个人的约定，造假者就成了鉴定师的帮手。
#
# 用数走一遍。真图和假图一样多，其中有一种图，真的里面有 30 张，假的里面有 10 张。$D$ 对它只能说同一个概率 $d$，付出 $-30 \ln d - 10 \ln(1 - d)$。
# 斜率是 $-30/d + 10/(1 - d)$，等于 0 时 $30 (1 - d) = 10 d$，所以代价最小的是 $d = 30/40 = 0.75$：真的占多少，就说多少。只在真图里有的，就说 1。
# 写成概率密度也一样，最好的 $D$ 记作 $D^*$：$D^*(x) = p(x) / (p(x) + q(x))$，$p$ 是真图的，$q$ 是假图的；$p = 0.6$、$q = 0.2$ 时又是 0.75。
# 若每一种图在假图里都与在真图里一样常见，最好的 $D$ 处处只能说一半，$L_D = 2 \ln 2 = 1.3863$，每张图摊到 $\ln 2 \approx 0.693$。$G$ 就赢了。
# 可是反过来不成立：$D$ 若还没学会、或者太弱，对什么都说一半，$L_D$ 也是 1.3863，而假图可能是墨团。
# %% [markdown] lang="en" numbers="0.75 1.3863"
# ## 4 · A game for two
# ### The expert's loss
#
# The expert's task is to tell two classes apart: real pictures are labelled 1, fake ones 0, and the loss is the cross-entropy:
#
# $$L_D = -\ln D(x) \;-\; \ln(1 - D(G(z)))$$
#
# The first term is averaged over a batch of real pictures, the second over a batch of fakes, and the two are added; here $D$ says a probability.
# Which side is called 1 is a convention: as $\sigma(-a) = 1 - \sigma(a)$, the other choice just changes the sign of every score. What matters is that both players keep to the same convention: the forger aims at the label that the expert gives to real pictures. Change it for one of them only, and the forger helps the expert.
#
# Walk through it with numbers. There are as many real pictures as fakes; some kind of picture occurs 30 times among the real ones, and 10 times among the fakes. $D$ can only say one probability $d$ for it, and pays $-30 \ln d - 10 \ln(1 - d)$.
# Its slope is $-30/d + 10/(1 - d)$, which is 0 where $30 (1 - d) = 10 d$; so the cheapest is $d = 30/40 = 0.75$: it says what share is real. If something occurs among real pictures only, it says 1.
# With densities it is the same. The best $D$ is written $D^*$: $D^*(x) = p(x) / (p(x) + q(x))$, for $p$ of real pictures and $q$ of fakes; $p = 0.6$ and $q = 0.2$ give 0.75 again.
# If every kind of picture is as common among the fakes as among the real ones, the best $D$ can only say one half everywhere, and $L_D = 2 \ln 2 = 1.3863$, or $\ln 2 \approx 0.693$ a picture. Then $G$ has won.
# The converse doesn't hold: a $D$ that has learned nothing yet, or is too weak, says one half of everything, too; $L_D$ is 1.3863 again, and the fakes may be blots.
# %%
if __name__ == "__main__":
    d = torch.linspace(0.01, 0.99, 99)  # 0.01, 0.02, …
    price = -30 * d.log() - 10 * (1 - d).log()
    print(f"cheapest: d = {d[price.argmin()]:.2f}; where real and fake can't be told apart: {2 * math.log(2):.4f}")


# %% [markdown] lang="zh" tags=["question"] see="training_step_discriminator"
# 训练分类器时，损失越低越好。一个 GAN 的 $L_D$ 从 1.4 降到 0.01，是好消息吗？
# %% [markdown] lang="en" tags=["question"] see="training_step_discriminator"
# When a classifier is trained, the lower its loss, the better. The $L_D$ of a GAN falls from 1.4 to 0.01: is that good news?
# %% [markdown] lang="zh" tags=["answer"]
# 不是：$D$ 几乎总能分清，说明在 $D$ 眼里，假图一眼就看得出来。
# 两个损失是一场拉锯的比分，一边降，另一边多半就升；它们不会都降到 0，也说不出图好不好。所以第 5 节要另找人来评判。
# %% [markdown] lang="en" tags=["answer"]
# No: $D$ can nearly always tell, so to $D$ the fakes are easy to see.
# The two losses are the score of a contest: when one falls, the other mostly rises. They can't both go to 0, and they don't say how good the pictures are. That is why section 5 brings in another judge.
# %% [markdown] lang="zh" numbers="-1.386 -0.693 0.347"
# ### 遇到最好的鉴定师，造假者在缩小什么
#
# $-L_D$ 叫这场游戏的值，$V = \mathbb{E}[\ln D(x)] + \mathbb{E}[\ln(1 - D(G(z)))]$，$\mathbb{E}$ 读作“平均”。$D$ 要它大，$G$ 要它小，一个取最小、一个取最大，这叫极小极大（minimax）。
# 设 $D$ 已经最好，代入 $D^*$，看 $G$ 还能缩小什么。真图在一条线的 0 号和 1 号两格，各占一半；假图也占两格，往右挪 0、1、2、3 格：
#
# | 挪 | $V$ | JSD |
# |---|---|---|
# | 0，完全重合 | -1.386 | 0 |
# | 1，重合一半 | -0.693 | 0.347 |
# | 2 和 3，不重合 | 0 | 0.693 |
#
# $V = 2\,\mathrm{JSD} - 2 \ln 2$，JSD 叫 JS 散度（Jensen–Shannon divergence）：两个分布各到二者平均的 KL，再取平均。它只在两者相同时是 0，所以 $G$ 的目标是对的。
# 毛病在最后一行：一旦不重合，挪 2 格还是 3 格都一样，斜率是 0，$G$ 不知道往哪边走近一点。所以 $D$ 太好反而有害。（这里 $G$ 缩小的是 $V$。下一格会给它换一种损失，缩小的就不再恰好是 JSD 了。）
# %% [markdown] lang="en" numbers="-1.386 -0.693 0.347"
# ### What the forger reduces, when the expert is at its best
#
# $-L_D$ is called the value of the game, $V = \mathbb{E}[\ln D(x)] + \mathbb{E}[\ln(1 - D(G(z)))]$, where $\mathbb{E}$ reads "the mean of". $D$ wants it large, $G$ wants it small. One takes the maximum, the other the minimum: this is called **minimax**.
# Let $D$ be at its best, put $D^*$ in, and see what is left for $G$ to reduce. Real pictures lie on places 0 and 1 of a line, half on each; fakes also lie on two places, moved to the right by 0, 1, 2 or 3:
#
# | moved by | $V$ | JSD |
# |---|---|---|
# | 0, the same | -1.386 | 0 |
# | 1, half in common | -0.693 | 0.347 |
# | 2 and 3, apart | 0 | 0.693 |
#
# $V = 2\,\mathrm{JSD} - 2 \ln 2$, where JSD is the **Jensen–Shannon divergence**: the KL of each distribution to the mean of the two, averaged. It is 0 only if they are the same, so $G$ aims at the right thing.
# The flaw is in the last row: once they are apart, 2 places or 3 is all the same; the slope is 0, and $G$ can't tell which way is nearer. So too good a $D$ does harm. (Here $G$ reduces $V$. The next cell gives it another loss, and what that reduces is no longer exactly the JSD.)
# %%
if __name__ == "__main__":
    p = torch.tensor([0.5, 0.5, 0, 0, 0])  # real
    for shift in range(4):
        q = p.roll(shift)  # fake
        best = p / (p + q)  # 0/0 is nan where neither occurs
        value = (p * best.log()).nansum() + (q * (1 - best).log()).nansum()  # nansum skips nan, 0 * ln 0 as well
        print(f"moved by {shift}: V {value:.3f}, JSD {(value + 2 * math.log(2)) / 2:.3f}")


# %% [markdown] lang="zh" numbers="-0.01 -0.99 -1.01 -100.00"
# ### 造假者的损失：为什么是 $-\ln D(G(z))$
#
# 造假者想让 $D$ 出错。最直接的写法：把 $\ln(1 - D(G(z)))$ 变小。
# 可是开头的假图一眼就被看穿，比如 $D(G(z)) = 0.01$；正是这时最需要学。看看斜率：
#
# | $G$ 的损失 | 对概率 $D$ 的斜率 | 对分数的斜率 |
# |---|---|---|
# | $\ln(1 - D)$ | $-1/(1 - D) = -1.01$ | $-D = -0.01$ |
# | $-\ln D$ | $-1/D = -100.00$ | $-(1 - D) = -0.99$ |
#
# 两者想去的方向相同：让 $D(G(z))$ 变大。但第一种在最需要的时候几乎没有力气，这叫饱和（saturation）；第二种这时最有力；骗过了 $D$，比如 $D = 0.9$，它对分数的斜率只剩 $-0.1$，也就歇下来了。
# 所以通常用第二种：$L_G = -\ln D(G(z))$，对一批取平均。它不只是换个符号，斜率完全不同。
# %% [markdown] lang="en" numbers="-0.01 -0.99 -1.01 -100.00"
# ### The forger's loss: why $-\ln D(G(z))$
#
# The forger wants $D$ to be wrong. The most direct loss for this is $\ln(1 - D(G(z)))$, to be made small.
# But the first fakes are easy to see, with $D(G(z)) = 0.01$ for example, and that is when learning is needed most. Look at the slopes:
#
# | loss of $G$ | slope with respect to the probability $D$ | slope with respect to the score |
# |---|---|---|
# | $\ln(1 - D)$ | $-1/(1 - D) = -1.01$ | $-D = -0.01$ |
# | $-\ln D$ | $-1/D = -100.00$ | $-(1 - D) = -0.99$ |
#
# Both want to go the same way: to make $D(G(z))$ larger. But the first has hardly any force when it is needed most, which is called **saturation**; the second has the most force just then; once $D$ is fooled, at $D = 0.9$ say, its slope with respect to the score is only $-0.1$, and it relaxes.
# So the second is the usual choice: $L_G = -\ln D(G(z))$, averaged over a batch. It is not just another sign: its slopes are quite different.
# %%
if __name__ == "__main__":
    for name, loss in (("ln(1 - D)", lambda d: (1 - d).log()), ("-ln D", lambda d: -d.log())):
        score = torch.logit(torch.tensor(0.01)).requires_grad_()  # the score whose sigmoid is 0.01
        d = torch.sigmoid(score)
        by_d, by_score = torch.autograd.grad(loss(d), [d, score])
        print(f"{name:9}: slope {by_d:.2f} for the probability, {by_score:.2f} for the score")
    figures.generator_losses().show()


# %% [markdown] lang="zh" numbers="20.0"
# ### 为什么判别器给的是分数
#
# $D$ 要是很有把握地把一张假图认作真的，分数是 20：float32 的 $\sigma(20)$ 就是 1，于是 $\ln(1 - D) = \ln 0 = -\infty$，一步就把训练毁了。
# 用分数 $a$ 直接写，没有这个问题。令 $\mathrm{softplus}(a) = \ln(1 + e^a)$，那么
#
# $$-\ln \sigma(a) = \mathrm{softplus}(-a), \qquad -\ln(1 - \sigma(a)) = \mathrm{softplus}(a)$$
#
# `F.softplus` 算它不溢出。例如 $a = 20$ 时，第二个是 20.0，第一个几乎是 0。
# %% [markdown] lang="en" numbers="20.0"
# ### Why the discriminator gives scores
#
# When $D$ is quite sure that a fake is real, with a score of 20, $\sigma(20)$ is 1 in float32, so $\ln(1 - D) = \ln 0 = -\infty$, and a single step ruins the training.
# Written with the score $a$ itself there is no such problem. With $\mathrm{softplus}(a) = \ln(1 + e^a)$,
#
# $$-\ln \sigma(a) = \mathrm{softplus}(-a), \qquad -\ln(1 - \sigma(a)) = \mathrm{softplus}(a)$$
#
# `F.softplus` computes that without overflow. For $a = 20$, for example, the second is 20.0, and the first is nearly 0.
# %%
if __name__ == "__main__":
    score = torch.tensor(20.0)
    print("via the probability:", -(1 - torch.sigmoid(score)).log().item(), "via the score:", F.softplus(score).item())


# %% [markdown] lang="zh"
# ### 谁的梯度去了哪里
#
# 假图 $G(z)$ 连着 $G$ 的计算图。鉴定师的损失里有假图，`backward()` 会一直走到 $G$ 的参数，在它们的 `.grad` 里写下：怎样改 $G$，*鉴定师*的损失会变小。造假者要的正好相反。
# `detach()` 给出同样的数，却不连计算图：鉴定师照样看假图，梯度到图为止。
# 在 `torch.no_grad()` 里画假图（只是画；$D$ 看图要在外面），同样护得住 $G$，还省下它的计算图；可造假者的一步正要用这个计算图，假图就得重画一遍。我们只画一次，两步都用，所以用 `detach()`。
# %% [markdown] lang="en"
# ### Whose gradients go where
#
# The fake $G(z)$ is connected to the graph of $G$. The expert's loss contains the fake, so `backward()` goes on all the way to the parameters of $G$, and writes into their `.grad` how to change $G$ to reduce the *expert's* loss. The forger wants the opposite.
# `detach()` gives the same numbers without the graph: the expert still sees the fake, and the gradient ends at the picture.
# To draw the fakes under `torch.no_grad()` (only to draw them; $D$ looks at them outside) would protect $G$ as well, and save its graph. But that graph is what the forger's step needs, so they would have to be drawn again. We draw once for both steps, hence `detach()`.
# %% [markdown] lang="zh" tags=["question"] see="training_step_discriminator"
# 先猜，再运行下一格。下面四种损失，各做一次 `backward()` 之后，$G$ 和 $D$ 谁有梯度：鉴定师的损失不用 `detach`，用 `detach`；造假者的损失不用，用？
# %% [markdown] lang="en" tags=["question"] see="training_step_discriminator"
# Guess, then run the next cell. There are four losses; after `backward()` from each of them, who has gradients, $G$ or $D$: the expert's loss without `detach`, and with `detach`; the forger's loss without it, and with it?
# %% [markdown] lang="zh" tags=["answer"]
# 不用 `detach`：两个都有。用了：只有 $D$。造假者的损失：又是两个都有，因为到 $G$ 的路穿过 $D$；用了 `detach` 就只有 $D$，$G$ 什么也收不到，所以这里*不能*用。
# 那么 $D$ 怎么不跟着变？因为只有 $G$ 的优化器走一步；$D$ 的 `.grad` 里留下了垃圾，下一次鉴定师的步骤开头要清掉。
# %% [markdown] lang="en" tags=["answer"]
# Without `detach`: both. With it: $D$ only. The forger's loss: both again, since the way to $G$ leads through $D$; with `detach` it is $D$ only, and nothing reaches $G$: here you must *not* use it.
# Then why doesn't $D$ change? Because only the optimiser of $G$ takes a step; what is left in the `.grad` of $D$ is garbage, and the expert's next step clears it first.
# %%
def who_has_gradients(loss_of: Callable[[nn.Module, Tensor], Tensor]) -> list[str]:
    """Which of a small G and a small D get gradients from this loss of a fake."""
    networks = {"G": nn.Linear(2, 3), "D": nn.Linear(3, 1)}
    loss_of(networks["D"], networks["G"](torch.randn(4, 2))).backward()
    return [name for name, network in networks.items() if network.weight.grad is not None]


if __name__ == "__main__":
    print("expert, attached:", who_has_gradients(lambda D, fake: F.softplus(D(fake)).mean()))
    print("expert, detached:", who_has_gradients(lambda D, fake: F.softplus(D(fake.detach())).mean()))
    print("forger, attached:", who_has_gradients(lambda D, fake: F.softplus(-D(fake)).mean()))
    print("forger, detached:", who_has_gradients(lambda D, fake: F.softplus(-D(fake.detach())).mean()))


# %% [markdown] lang="zh"
# ### `detach` 忘了写，或者写错了地方
# - *鉴定师的一步忘了写*：$G$ 的 `.grad` 里多出一份没人要的梯度。造假者若重画假图，又先清零，数值照样对，只是白白穿过 $G$ 反传一遍；若不清零，两份梯度相加，造假者就有一部分在替鉴定师干活。
# - *还有一个后果*：假图的计算图用掉了，造假者再用*同一批*假图做 `backward()`，PyTorch 会报错。
# - *造假者的一步多写了*：不报错，损失也对，可是 $G$ 收不到梯度，永远学不会。
# - *造假者的一步里，$D$ 为什么也有梯度*：从损失到 $G$ 的路穿过 $D$。这没有害处：走一步的是 $G$ 的优化器，里面没有 $D$ 的参数；留在 $D$ 的 `.grad` 里的，鉴定师下一步开头就清掉。
# - *鉴定师的一步要是从不清零呢*：那份梯度是 $L_G$ 的，推着 $D$ 把假图认作真的；它与鉴定师自己的梯度相加，$D$ 就有一部分在替造假者干活。
# - *只用一个优化器，让两个损失的和变小*：假图的分数是 $a$ 时，和里有 $\mathrm{softplus}(a) + \mathrm{softplus}(-a)$，$a = 0$ 时最小。于是 $D$ 因为“分不清假图”而得奖，$G$ 再也收不到往真图去的力。在第 6 节的平面上试三个种子：$D$ 给假点的分数都是 0.0 左右，假点全挤在离真点很远的一处。所以两个优化器，各管各的参数。
# %% [markdown] lang="en"
# ### `detach` forgotten, or in the wrong place
# - *Forgotten in the expert's step*: the `.grad` of $G$ holds gradients that nobody wants. If the forger draws new fakes and sets these gradients to zero first, the numbers are right all the same, after a useless backward pass through $G$; if it doesn't set them to zero, both gradients add up, and the forger partly works for the expert.
# - *Another consequence*: the graph of the fakes is used up, and when the forger calls `backward()` with *the same* fakes, PyTorch raises an error.
# - *Written in the forger's step*: no error, and the loss is right, but no gradient reaches $G$, and it never learns.
# - *Why $D$ gets gradients in the forger's step, too*: the way from the loss to $G$ leads through $D$. It does no harm: the step is taken by the optimiser of $G$, which doesn't hold the parameters of $D$; and the expert's next step begins by setting to zero what is left in the `.grad` of $D$.
# - *And if the expert's step never sets them to zero*: they are gradients of $L_G$, which push $D$ to take fakes for real; added to the expert's own, they make $D$ partly work for the forger.
# - *One optimiser for both, to reduce the sum of the two losses*: for a fake with score $a$ the sum contains $\mathrm{softplus}(a) + \mathrm{softplus}(-a)$, which is least at $a = 0$. So $D$ is rewarded for being unable to tell fakes, and $G$ feels no force towards real pictures any more. In the plane of section 6, with three seeds, $D$ gives fakes a score of about 0.0, and all fakes crowd in one place far from real points. Hence two optimisers, each for its own parameters.
# %% [markdown] lang="zh"
# ### 练习 · 鉴定师的一步 · 20 分钟
#
# `real` 和 `fake` 是两批图，`fake` 还连着生成器。算 $L_D$（两个平均之*和*），更新判别器一步，返回更新之前的损失（数，或没有轴的张量）。
# - 判别器的旧梯度不许混进来：上一步可能留下了垃圾。`optimizer` 里是判别器的全部参数。
# - 生成器的 `.grad` 一点不动：不写入，也不清零，原来有的还在；`fake` 的计算图要留着，下一步 $G$ 还要用。
# - 真图和假图分两次送进 $D$，不要拼成一批：两种做法的损失不同，这里一律分开。谁先谁后不限。
# - 差别在批归一化：分开送，真假各自归一化，均值都变成 0。拼在一起，两者的均值之差还看得见，可一张图的分数会随另一种图而变，而造假者的一步里，送进 $D$ 的只有假图。
# - 分数成百上千时损失也是有限的。两批可以不一样大。
#
# 例如分数是真 0、假 0 时，损失是 $2 \ln 2 \approx 1.386$；真 2、假 $-1$ 时，是 $0.127 + 0.313 = 0.440$。
# %% [markdown] lang="en"
# ### Exercise · the expert's step · 20 min
#
# `real` and `fake` are two batches of pictures; `fake` is still connected to the generator. Compute $L_D$ (the *sum* of the two means), update the discriminator by one step, and return the loss before that step (a number, or a tensor without axes).
# - Old gradients of the discriminator must not get in: the step before may have left garbage. `optimizer` holds all of its parameters.
# - The `.grad` of the generator isn't touched: nothing written, nothing set to zero, what was there stays; and the graph of `fake` survives, as $G$ needs it for its own step.
# - Pass real and fake through $D$ apart, not joined in one batch: the two ways give different losses, and here they are always apart. It doesn't matter which kind goes first.
# - The difference lies in batch norm. Apart, each kind is normalised on its own, to the mean 0. Joined, the difference of the two means would stay visible, but a picture's score would depend on the other kind, and in the forger's step $D$ gets fakes only.
# - With scores in the hundreds and thousands the loss is still finite. The two batches may differ in size.
#
# With the scores 0 for real and 0 for fake, for example, the loss is $2 \ln 2 \approx 1.386$; with 2 for real and $-1$ for fake it is $0.127 + 0.313 = 0.440$.
# %% exercise="training_step_discriminator" difficulty=3 importance=5 minutes=20
def training_step_discriminator(
    discriminator: nn.Module,
    optimizer: torch.optim.Optimizer,
    real: Float[Tensor, "n_real c h w"],
    fake: Float[Tensor, "n_fake c h w"],
) -> float:
    """One step of the discriminator, by its own `optimizer`; the loss before it."""
    # solution
    loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


if __name__ == "__main__":
    tests.test_training_step_discriminator(training_step_discriminator)


# %% [markdown] lang="zh" tags=["hint"]
# 哪一批要 `detach`？只写一处。
# %% [markdown] lang="en" tags=["hint"]
# Which of the batches needs `detach`? In one place only.
# %% [markdown] lang="zh" tags=["hint"]
# 真图要 $-\ln \sigma(a)$，假图要 $-\ln(1 - \sigma(a))$：两个 `softplus`，符号相反。
# %% [markdown] lang="en" tags=["hint"]
# Real pictures need $-\ln \sigma(a)$, fakes $-\ln(1 - \sigma(a))$: two calls of `softplus`, with opposite signs.
# %% [markdown] lang="zh" tags=["hint"]
# 清零、`backward`、`step`；`optimizer` 只管判别器的参数，所以用它清零不会碰到生成器。
# %% [markdown] lang="en" tags=["hint"]
# Zero, `backward`, `step`; `optimizer` knows only the discriminator's parameters, so zeroing by it doesn't touch the generator.
# %% [markdown] lang="zh"
# ### 练习 · 造假者的一步 · 15 分钟
#
# 算 $L_G = -\ln D(G(z))$（对一批取平均，用的是不饱和的那一种），用生成器的优化器更新一步，返回更新之前的损失。
# - 生成器的旧梯度不许混进来；判别器的参数不变（它的 `.grad` 里留下什么，缓冲区变不变，都不评判）。
# - 判别器的 `requires_grad` 之后与之前一样；分数很大时也不溢出。
#
# 例如分数是 0 时，损失是 $\ln 2 \approx 0.693$；分数是 $-2$ 时是 2.127。
# %% [markdown] lang="en"
# ### Exercise · the forger's step · 15 min
#
# Compute $L_G = -\ln D(G(z))$ (the mean over the batch; this is the loss that doesn't saturate), update the generator by one step of its optimiser, and return the loss before that step.
# - Old gradients of the generator must not get in; the parameters of the discriminator stay as they are (what is left in their `.grad` isn't judged, and its buffers may change).
# - `requires_grad` of the discriminator is the same afterwards; nothing overflows where scores are large.
#
# With the score 0, for example, the loss is $\ln 2 \approx 0.693$; with the score $-2$ it is 2.127.
# %% exercise="training_step_generator" difficulty=2 importance=5 minutes=15
def training_step_generator(
    discriminator: nn.Module, optimizer: torch.optim.Optimizer, fake: Float[Tensor, "batch c h w"]
) -> float:
    """One step of the generator that drew `fake`, by its own `optimizer`; the loss before it."""
    # solution
    loss = F.softplus(-discriminator(fake)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


if __name__ == "__main__":
    tests.test_training_step_generator(training_step_generator)


# %% [markdown] lang="zh" tags=["hint"]
# 造假者希望 $D$ 说“真”：它的损失就是鉴定师损失里的哪一项，换成假图？
# %% [markdown] lang="en" tags=["hint"]
# The forger wants $D$ to say "real": which term of the expert's loss is that, with fakes put in?
# %% [markdown] lang="zh" tags=["hint"]
# 这里没有 `detach`；谁的参数会动，由 `optimizer` 决定。
# %% [markdown] lang="en" tags=["hint"]
# No `detach` here; whose parameters move is decided by `optimizer`.
# %% [markdown] lang="zh"
# 深入读：Goodfellow 等，“Generative Adversarial Nets”（2014，英文）。它多给了一个证明：$D$ 总是最好时，$G$ 其实在缩小两个分布的距离，而且只有两者相同才到底。读时想：证明要求 $D$ 每一步都练到最好，我们只练一步，少了什么？
# %% [markdown] lang="en"
# To go deeper: Goodfellow and others, "Generative Adversarial Nets" (2014, English). It adds a proof: if $D$ is always at its best, $G$ in fact reduces a distance between two distributions, and reaches the bottom only when they are the same. A question to read it with: the proof wants $D$ trained to its best each time, and we take a single step; what is lost?
# %% [markdown] lang="zh" numbers="1.01 1.64"
# ### 各走各的，未必走得到一起
#
# 只有一个损失时，步子够小，就总会走到低处。两个人各有各的损失，就不一定了。最小的例子：$V = xy$，$x$ 走的每一步要让它变小，$y$ 要让它变大；在 $(0, 0)$，谁也不想动，那就是平衡点。
# 两人*同时*各走一步，步长 $\eta = 0.1$：$V$ 对 $x$ 的斜率是 $y$，所以 $x$ 减去 $\eta y$；同理 $y$ 加上 $\eta x$。从 $(1, 0)$ 到 $(1, 0.1)$：到平衡点的距离的平方从 1 变成 1.01。
# 每步都是乘 $1 + \eta^2$：绕着圈，越走越远，100 步后距离是 1.64。
# *轮流*走，后走的看到的是对方的新位置，就大致在原来的圈上打转，不远不近。
# GAN 也是这样：两个损失来回摆，不一定是没训练好，游戏本来如此。我们也轮流走，每人一步。
# 一个损失降了或升了，也不说明图好不好：它是跟另一个网络比出来的，而那个网络也在变。$L_G$ 降了，可能是假图好了，也可能是 $D$ 变差了。
# %% [markdown] lang="en" numbers="1.01 1.64"
# ### Each on their own way, they may never meet
#
# Walk down one loss, in steps that are small enough, and you get somewhere low. With two players, each with a loss of their own, that isn't certain. The smallest example is $V = xy$: each step of $x$ is to make it smaller, each step of $y$ to make it larger; at $(0, 0)$ neither wants to move: that is the equilibrium.
# Let both step *at the same time*, with $\eta = 0.1$: the slope of $V$ with respect to $x$ is $y$, so $x$ loses $\eta y$; likewise $y$ gains $\eta x$. From $(1, 0)$ to $(1, 0.1)$ the squared distance to the equilibrium grows from 1 to 1.01.
# Each step multiplies it by $1 + \eta^2$: they go round and further out, and after 100 steps the distance is 1.64.
# In *turns*, where the second sees where the first has gone, they keep going round on about the same circle.
# So it is with GANs: when both losses swing, the training need not have failed; that is the nature of the game. We, too, take turns, one step each.
# A loss that falls or rises doesn't say how good the pictures are, either: it is measured against the other network, which changes as well. When $L_G$ falls, fakes may be better, or $D$ may be worse.
# %%
if __name__ == "__main__":
    for turns in (False, True):
        x, y, distances = 1.0, 0.0, []
        for _ in range(100):
            x, before = x - 0.1 * y, x
            y = y + 0.1 * (x if turns else before)
            distances.append(x * x + y * y)
        name = "in turns" if turns else "at the same time"
        print(
            f"{name}: squared distance {distances[0]:.2f} after 1 step, distance {distances[-1] ** 0.5:.2f} after 100"
        )


# %% [markdown] lang="zh"
# ### 谁也不要练到头
#
# 为什么不先把 $D$ 练到最好，再走 $G$ 的一步？真假不重合时，最好的 $D$ 是平的，$G$ 收不到方向；而且真图有限，$D$ 可能把它们背下来。
# 为什么不对着不动的 $D$ 把 $G$ 练到头？$G$ 往往会把所有的图都画成 $D$ 最相信的那一张。
# 所以轮流各走一步或几步，让两边差不多。看得出失衡：
# - $L_D$ 降到接近 0 就不动了，$D$ 对假图总说 0：不是好消息，$D$ 太强，假图一眼看得出，$G$ 又收不到方向；
# - $D$ 对什么都说一半，假图却一眼看得出：$D$ 太弱。
# %% [markdown] lang="en"
# ### Train neither to the end
#
# Why not train $D$ to its best before each step of $G$? While real and fake are apart, the best $D$ is flat, and $G$ gets no direction; besides, there are only so many real pictures, and $D$ may learn them by heart.
# Why not train $G$ to the end against a fixed $D$? $G$ would tend to draw nothing but the one picture that $D$ believes in most.
# So they take turns, one step each or a few, and are kept about equal. You can see when they aren't:
# - $L_D$ falls to nearly 0 and stays there, and $D$ always says 0 of fakes: no good news; $D$ is too strong, fakes are easy to see, and $G$ gets no direction.
# - $D$ says one half of everything, while anyone can see the fakes: $D$ is too weak.
# %% [markdown] lang="zh"
# ## 5 · 训练，然后请人评判
#
# 零件齐了：两个网络，两种步骤。剩下的是让它们轮流走，一批又一批；最后还要有人说，画得好不好。
# %% [markdown] lang="en"
# ## 5 · Train, then call in a judge
#
# All parts are there: two networks, two kinds of steps. What is left is to let them take turns, batch after batch; and at the end somebody has to say how good the drawings are.
# %% [markdown] lang="zh"
# ### 练习 · 训练 · 20 分钟
#
# - 开头：先 `torch.manual_seed(args.seed)`，再造 `DCGAN`；`args.images` 的形状决定图的大小和通道。
# - 优化器：两个网络各一个 `torch.optim.Adam`，学习率 `args.lr`，`betas=args.betas`。第一个是动量：两个人追逐时，惯性大了容易冲过头，所以是 0.5，不是 0.9；第二个决定斜率的平方要记多久，取常用的值。
# - 每一轮（epoch）：把 `args.images` 重新打乱，每张恰好用一次，最后不满的一批也用（我们保证它至少有两张）。
# - 每一批：`sample` 画同样多张假图，鉴定师先走一步，然后造假者用*同一批*假图走一步。
# - 每一轮之后：调用 `look(epoch, gan)`，`epoch` 从 1 数起；`look` 是 `None` 就不调用。它的返回值不用管（`object` 就是这个意思）；它不用随机数，但可能改了模式：训练时两个网络总要在 train 模式。
# - 返回：`gan`（在哪个模式不评判），和每一批的一对损失 `(float, float)`，鉴定师的在前；同样的 `args` 给出同样的损失。
#
# 30 张图、每批 8 张、3 轮，得到 12 对损失。`progress(range(…))` 画进度条，用不用随你。
# %% [markdown] lang="en"
# ### Exercise · train · 20 min
#
# - To begin: call `torch.manual_seed(args.seed)`, then make the `DCGAN`; the shape of `args.images` decides size and channels.
# - Optimisers: a `torch.optim.Adam` for each network, with learning rate `args.lr` and `betas=args.betas`. The first of these is the momentum: when two chase each other, a lot of inertia makes them overshoot, so it is 0.5 and not 0.9; the second, which sets how long squared slopes are remembered, is as usual.
# - Each epoch: shuffle `args.images` anew; each is used exactly once, and a smaller last batch is used as well (it has at least two, we promise).
# - Each batch: `sample` draws as many fakes; first the expert takes a step, then the forger takes one with *the same* fakes.
# - After each epoch: call `look(epoch, gan)`, with `epoch` counted from 1; if `look` is `None`, don't. Whatever it returns is ignored (that is what `object` says); it uses no random numbers, but may change the mode: both networks always train in train mode.
# - Return: `gan` (in which mode isn't judged), and for each batch a pair of losses `(float, float)`, the expert's first; the same `args` give the same losses.
#
# 30 pictures in batches of 8, 3 times, give 12 pairs of losses. `progress(range(…))` draws a progress bar, if you like.
# %%
def pictures(train: bool = True) -> Float[Tensor, "n 1 8 8"]:
    """The digits, from -1 to 1 as the generator draws."""
    return 2 * get_digits(train).tensors[0] - 1


@dataclass
class GANArgs:
    """What to train on, and how."""

    images: Tensor = field(default_factory=pictures)
    latent_dim: int = 32
    hidden_channels: Sequence[int] = (64, 128)
    epochs: int = 60
    batch_size: int = 64
    lr: float = 1e-3
    betas: tuple[float, float] = (0.5, 0.999)
    seed: int = 0


# %% exercise="train_gan" difficulty=3 importance=5 minutes=20
def train_gan(
    args: GANArgs, look: Callable[[int, DCGAN], object] | None = None
) -> tuple[DCGAN, list[tuple[float, float]]]:
    """The trained GAN, and for each step the losses of discriminator and generator."""
    # solution
    torch.manual_seed(args.seed)
    gan = DCGAN(args.latent_dim, args.images.shape[-1], args.images.shape[1], args.hidden_channels)
    opt_d, opt_g = (
        torch.optim.Adam(net.parameters(), args.lr, args.betas) for net in (gan.discriminator, gan.generator)
    )
    losses = []
    for epoch in progress(range(1, args.epochs + 1), "epochs"):
        gan.train()
        for chosen in torch.randperm(len(args.images)).split(args.batch_size):
            fake = gan.sample(len(chosen))
            loss_d = training_step_discriminator(gan.discriminator, opt_d, args.images[chosen], fake)
            loss_g = training_step_generator(gan.discriminator, opt_g, fake)
            losses.append((float(loss_d), float(loss_g)))
        if look is not None:
            look(epoch, gan)
    return gan, losses


if __name__ == "__main__":
    trained = tests.test_train_gan(train_gan)


# %% [markdown] lang="zh" tags=["hint"]
# 种子、模型、两个优化器；两层循环，里面一层每次三件事。假图只画一次，两步都用它。
# %% [markdown] lang="en" tags=["hint"]
# Seed, model, two optimisers; two loops, and three things in the inner one. The fakes are drawn once, and serve both steps.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.randperm(n).split(batch_size)` 就是打乱后的一批批下标；每轮开头 `gan.train()`。
# %% [markdown] lang="en" tags=["hint"]
# `torch.randperm(n).split(batch_size)` are the batches of shuffled indices; begin each epoch with `gan.train()`.
# %% [markdown] lang="zh"
# ### 看它学会画画
#
# 下一格用同样的噪声，每隔几轮画一次：训练中先给你看几张，结束后拖动滑块看全部。噪声不变，图的变化就全来自 $G$，不是碰巧。
# `draw` 画图时用 eval 模式：批归一化用运行统计量，一张图不随同批的别的图而变；train 模式用这一批的均值和方差，同一个 $z$ 换到另一批里，图就略有不同。
# 先猜：第 1 轮之后能看出数字吗？两个损失会降到哪里？
# %% [markdown] lang="en"
# ### Watch it learn to draw
#
# The next cell draws with the same noise every few epochs: some grids are shown during training, and at the end a slider shows all of them. As the noise stays the same, every change comes from $G$, and not from luck.
# `draw` uses eval mode: batch norm takes its running statistics, and a picture doesn't depend on the others in its batch; in train mode it takes this batch's mean and variance, and the same $z$ among other pictures gives a slightly different picture.
# Guess first: are there digits after epoch 1? And where do the two losses go?
# %%
def draw(gan: DCGAN, z: Float[Tensor, "n latent_dim"]) -> Float[Tensor, "n 1 h w"]:
    """What the generator draws from this noise in eval mode, from 0 to 1."""
    with torch.no_grad():
        return (copy.deepcopy(gan.generator).eval()(z) + 1) / 2  # type: ignore


if __name__ == "__main__":
    gan, snapshots = None, {}
    if trained:
        noise = torch.randn(40, 32, generator=torch.Generator().manual_seed(1))

        def look(epoch: int, gan: DCGAN) -> None:
            if epoch in (1, 2, 3, 5, 8, 12, 20, 30, 40, 50, 60):
                snapshots[epoch] = draw(gan, noise)
                if epoch in (1, 8, 30):
                    figures.gallery(snapshots[epoch], epoch).show()

        gan, losses = train_gan(GANArgs(), look)
        figures.growth(snapshots).show()
        figures.game(losses).show()


# %% [markdown] lang="zh" tags=["question"] see="train_gan"
# 从损失曲线看，哪一轮之后图不再变好？
# %% [markdown] lang="en" tags=["question"] see="train_gan"
# Looking at the curves of the losses, after which epoch do the pictures stop getting better?
# %% [markdown] lang="zh" tags=["answer"]
# 看不出来：几轮之后两条线就在原地拉锯，图却还在变好。
# $L_D$ 在 1 上下，低于 $2 \ln 2$，说明 $D$ 仍略占上风；$L_G$ 高于 $\ln 2$，说的是同一件事。
# %% [markdown] lang="en" tags=["answer"]
# You can't tell: after a few epochs both lines only go up and down around one value, while the pictures still improve.
# $L_D$ is around 1, below $2 \ln 2$, so $D$ is still a little ahead; $L_G$ is above $\ln 2$, which says the same.
# %% [markdown] lang="zh"
# ### 谁来评判
#
# 好的样本要做到两样：每一张都*像*，合起来*全*。
# 请第 2 天的分类器 `SmallResNet` 来看一千张。少了不行：样本太少，缺一类可能只是碰巧。完美的生成器只画 10 张，某一类一张也没有的概率是 $0.9^{10} \approx 0.35$；画 1000 张，每类 100 张上下，差个 10 张是常事，不到 20 张就不会是碰巧了。它回答两问：
# - 它对自己的判断有多大把握（概率的平均）？不像任何数字的图，把握小。
# - 十类各有多少张？少了一类，就是不全。
#
# 只看一样，都骗得过。只会画同一个清楚的 1：把握满分，十类却只有一类。画的全是墨团，分类器一会儿说像 3，一会儿说像 8：十类也许全有，把握却多半很低。
# %% [markdown] lang="en"
# ### Who is to judge
#
# Good samples have two properties: each one is *convincing*, and together they are *complete*.
# Let day 2's classifier, `SmallResNet`, look at a thousand. With few samples a class may be missing by accident: if a perfect generator draws only 10, a given class isn't among them with probability $0.9^{10} \approx 0.35$; if it draws 1000, there are 100 of each class, give or take 10, and fewer than 20 is no accident. There are two questions:
# - How sure is it (its mean probability)? Of a picture that looks like no digit it is less sure.
# - How many are there of each of the ten classes? If one is missing, they aren't complete.
#
# Each alone can be fooled. Draw nothing but one clear 1, and the classifier is quite sure, but there is only one class of ten. Draw nothing but blots, which it takes sometimes for a 3 and sometimes for an 8: perhaps all ten classes are there, but it is seldom sure.
# %% [markdown] lang="zh"
# ### 练习 · 成绩单 · 10 分钟
#
# `classes` 是分类器给每张样本的类别（0 到 `n_classes - 1`），`probs` 是它给那一类的概率；至少有一张。
# 返回一对：覆盖度（coverage），即至少占 `at_least` 这个份额的类有几个（整数，正好占这么多也算，差在舍入不评判；`at_least` 大于 0）；把握（confidence），即概率的平均（`float`）。
# 为什么不是“出现过一张”就算？分类器若错 3%，1000 张里就有约 30 张认错，散在各类里：只画得出 1 和 7 的 $G$，也可能每一类都“有”几张。
# 例如四张样本 `[2, 0, 2, 2]`、概率 `[0.9, 0.5, 0.8, 1.0]`、`n_classes=3`、`at_least=0.5`：只有类别 2 占到一半，返回 `(1, 0.8)`。
# %% [markdown] lang="en"
# ### Exercise · the report · 10 min
#
# `classes` are the classes that the classifier gives the samples (0 to `n_classes - 1`), `probs` its probabilities for them; there is at least one sample.
# Return a pair: the **coverage**, which is how many classes have a share of at least `at_least` (an integer; exactly that share counts, rounding errors aren't judged; `at_least` is above 0), and the **confidence**, the mean of the probabilities (a `float`).
# Why isn't a class there as soon as it occurs? A classifier that is wrong in 3% of cases misjudges about 30 of 1000, all over the classes: if a $G$ draws nothing but 1s and 7s, every class may still "occur" a few times.
# Four samples `[2, 0, 2, 2]` with the probabilities `[0.9, 0.5, 0.8, 1.0]`, for example, `n_classes=3` and `at_least=0.5`: only class 2 has half of them, so the result is `(1, 0.8)`.
# %% exercise="judge_samples" difficulty=2 importance=4 minutes=10
def judge_samples(
    classes: Int[Tensor, " n"], probs: Float[Tensor, " n"], n_classes: int = 10, at_least: float = 0.02
) -> tuple[int, float]:
    """Coverage: how many classes have that share at least; confidence: the mean probability."""
    # solution
    shares = classes.bincount(minlength=n_classes) / len(classes)
    return int((shares >= at_least).sum()), probs.mean().item()


if __name__ == "__main__":
    tests.test_judge_samples(judge_samples)


# %% [markdown] lang="zh" tags=["hint"]
# 先数每一类有几张：`bincount`，或者把 `classes` 与 `arange(n_classes)` 比较。
# %% [markdown] lang="en" tags=["hint"]
# Count the samples of each class first: `bincount`, or compare `classes` with `arange(n_classes)`.
# %% [markdown] lang="zh" tags=["hint"]
# 份额是个数除以总数；`>=` 之后求和，就是类的个数。
# %% [markdown] lang="en" tags=["hint"]
# A share is a count over the total; after `>=` a sum counts the classes.
# %% [markdown] lang="zh" numbers="10 0.9 1.0 0.5"
# 我们用种子 0、1、2 各训练一次，三次都是：10 类全有（每类至少占 2%），平均把握约 0.9；真数字的平均把握是 1.0。
# $G$ 只练过标准正态的噪声，抽样时就得给它同一种。换成 0 到 1 的均匀分布，每个数都不是负的，$z$ 全挤在空间的一角，别处练过的画不出来：十类只剩五类左右，把握却不降。
# 把握要多高才算好？先量两头：留出的真数字 1.0，几乎是能指望的最高值；同一个分类器看纯噪声也有 0.5，不是 0，也不是 1/10。合理的门槛在两者之间，靠近真数字那一头；换一个分类器，两头都要重新量。
# 什么时候停，留哪一个 $G$？不看损失，它们说不出好坏：每隔几轮，用同样的噪声画几百张给分类器看，并复制一份当时的 $G$；最后留十类俱全、把握最高的那一份，后来的可能又变差。
# %% [markdown] lang="en" numbers="10 0.9 1.0 0.5"
# We trained with the seeds 0, 1 and 2, and each time found: all 10 classes are there (each with at least 2%), at a mean confidence of about 0.9; for real digits the mean confidence is 1.0.
# $G$ has practised on standard normal noise only, so that is the noise to sample from. Take uniform numbers from 0 to 1 instead: none is negative, every $z$ lies in one corner of the space, and what was learned elsewhere isn't drawn: only about five of the ten classes are left, at no less confidence.
# How much confidence is enough? Measure both ends first: 1.0 on held-out real digits is about the most to hope for, and the same classifier gives pure noise 0.5, neither 0 nor 1/10. A sensible threshold lies in between, near the real digits; for another classifier measure both again.
# When to stop, and which $G$ to keep? Don't go by the losses, which don't tell: every few epochs let the classifier look at a few hundred samples, always from the same noise, and keep a copy of $G$; in the end take the copy with all ten classes and the highest confidence, because later ones may be worse again.
# %%
if __name__ == "__main__":
    if gan is not None and tests.test_judge_samples(judge_samples):
        classifier, _, _ = train_with_validation(TrainArgs(make_model=SmallResNet, epochs=8))
        fakes = draw(gan, torch.randn(1000, 32, generator=torch.Generator().manual_seed(2)))
        static = torch.rand(1000, 1, 8, 8, generator=torch.Generator().manual_seed(3))
        real = get_digits(train=False).tensors[0]
        corner = draw(gan, torch.rand(1000, 32, generator=torch.Generator().manual_seed(4)))
        for name, images in (("real digits", real), ("noise", static), ("uniform z", corner), ("fakes", fakes)):
            classes, probs = predict(classifier, images)
            coverage, confidence = judge_samples(classes, probs)
            print(f"{name}: {coverage} classes, confidence {confidence:.2f}")
        figures.counts(classes).show()


# %% [markdown] lang="zh" tags=["question"] see="judge_samples"
# 一个“生成器”把一张训练图原样背下来，每类背一张。成绩单会怎么说？它漏看了什么？
# %% [markdown] lang="en" tags=["question"] see="judge_samples"
# A "generator" knows one training picture of each class by heart, and nothing else. What does the report say of it? What does it overlook?
# %% [markdown] lang="zh" tags=["answer"]
# 满分：十类俱全，把握 1.0。成绩单看不到同一类里面的变化，也看不出抄袭。
# 下一格查抄袭：给每张假图找出最近的训练图，摆在一起看；再与“留出的真图离训练图有多远”相比。假图若离得近得多，就是背的。
# 没有一个数能说尽样本的好坏；分类器自己也可能被骗（第 2 天，约一半的噪声图它也给出超过 50% 的概率）。
# %% [markdown] lang="en" tags=["answer"]
# Full marks: ten classes at confidence 1.0. The report sees no variety within a class, and no copying.
# The next cell looks for copies: for each fake it finds the nearest training picture, and shows both; and it compares with how far held-out real digits are from the training pictures. If the fakes are much nearer, they were learned by heart.
# No single number tells how good samples are; the classifier itself can be fooled, too (on day 2 it gave a probability above 50% to about half of the pictures of noise).
# %%
if __name__ == "__main__":
    if gan is not None:
        train_images = get_digits(train=True).tensors[0]
        # copies would be much nearer to a training picture than held-out digits are
        for name, images in (("held-out digits", get_digits(train=False).tensors[0]), ("fakes", draw(gan, noise))):
            distance, nearest = torch.cdist(images.flatten(1), train_images.flatten(1)).min(dim=1)
            print(f"{name}: the nearest training picture is {distance.mean():.2f} away on average")
        figures.pairs(images[:10], train_images[nearest[:10]]).show()
        walk = draw(gan, torch.lerp(noise[0], noise[1], torch.linspace(0, 1, 51)[:, None]))  # straight from z to z
        steps = (walk[1:] - walk[:-1]).flatten(1).norm(dim=1)
        print(f"50 steps from one z to another: the largest is {steps.max() / steps.mean():.1f} times the mean")


# %% [markdown] lang="zh" numbers="1.0 10.0"
# ### 两样并成一个数
#
# “像”和“全”常常并成一个数。熵（entropy，第 0 天）$H$ 说一个分布有多不确定：全押一类是 0，十类均分是 $\ln 10$。样本*个个像*，分类器对每张的概率的熵就小；*合起来全*，各张概率的平均的熵就大。取
#
# $$\exp(H(\text{mean}) - \text{mean}(H))$$
#
# 叫 Inception 分数（Inception score，因为最初用的分类器叫 Inception），像是“清清楚楚的类有几个”：只画清楚的 1，得 1.0；十类均分、张张清楚，得 10.0；全是墨团，每张都均分，前后两项都是 $\ln 10$，又是 1.0。
# 它漏看的与成绩单一样：每类只会一张，也得 10.0；背下训练图，看不出来；分类器被骗，跟着错。
# %% [markdown] lang="en" numbers="1.0 10.0"
# ### Both in one number
#
# The two are often put into one number. The **entropy** $H$ (day 0) says how uncertain a distribution is: 0 for all on one class, $\ln 10$ for ten equal shares. If samples are *convincing*, the classifier's probabilities for each have little entropy; if they are *complete*, the mean of these probabilities has much. So take
#
# $$\exp(H(\text{mean}) - \text{mean}(H))$$
#
# which is called the **Inception score** (after the classifier with which it was first computed), something like the number of clear classes. Only clear 1s: 1.0. Ten equal shares, each clear: 10.0. Nothing but blots, ten equal shares for each: both terms are $\ln 10$, and it is 1.0 again.
# It overlooks what the report does: one picture for each class scores 10.0, copies of training pictures don't show, and where the classifier is fooled, so is the score.
# %%
def inception_score(probs: Float[Tensor, "n classes"]) -> float:
    """exp of the entropy of the mean, minus the mean of the entropies; `entr` gives -p ln p for each p."""
    whole, each = (torch.special.entr(p).sum(dim=-1) for p in (probs.mean(dim=0), probs))
    return (whole - each.mean()).exp().item()


if __name__ == "__main__":
    ones, blots = torch.eye(10)[[1] * 50], torch.full((50, 10), 0.1)
    for name, probs in (("ones", ones), ("all", torch.eye(10)), ("blots", blots)):
        print(f"{name}: score {inception_score(probs):.1f}")


# %% [markdown] lang="zh"
# 抄袭还有一种查法：从一个 $z$ 直着走到另一个，一路画。图若久久不动，忽然跳成另一张，来来去去就那几张，那是背下来的，或者已经崩溃（第 6 节）；若一步一步地变，途中也像数字，$G$ 学到的就是连成片的图（前面打印过：最大的一步不到平均的两倍）；若几乎不变，就是 $z$ 不起作用。
# 深入读：Radford、Metz、Chintala，“Unsupervised Representation Learning with Deep Convolutional GANs”（2015，英文）。它多给了这套结构和初始值的来历，在噪声空间里从一间卧室走到另一间，还用人脸做算术。读时想：做算术时，为什么每一项都用三张图的 $z$ 的平均，而不用一张的？
# %% [markdown] lang="en"
# Copies also show on a walk: go straight from one $z$ to another, and draw on the way. If the picture stays the same for long, then jumps, always between the same few, these were learned by heart, or the GAN has collapsed (section 6). If it changes step by step, and is like a digit on the way, $G$ has learned a whole family of pictures (printed further up: the largest step is less than twice the mean). If it hardly changes at all, $z$ has no effect.
# To go deeper: Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional GANs" (2015, English). It adds where this layout and these first values come from, walks from one bedroom to another, and arithmetic on the noise of faces. A question to read it with: why does each term of that arithmetic average the $z$ of three pictures, and not take that of one?
# %% [markdown] lang="zh"
# ## 6 · 模式崩溃，故意弄出来
# ### 八个山头
#
# $L_G$ 一张一张地看假图：每一张骗过 $D$ 没有。并没有一项问“合起来全不全”。如果画“1”总能骗过，为什么要画别的？
# 平面上看得最清楚：真的点围着八个山头，排成一圈；$G$ 和 $D$ 都是小网络，训练两千步，几秒钟。
# 八个山头叫八个模式（mode）；只占住其中几个，叫模式崩溃（mode collapse）。（这里的模式与 train 模式无关。）
# %% [markdown] lang="en"
# ## 6 · Mode collapse, on purpose
# ### Eight hills
#
# $L_G$ looks at fakes one at a time: did this one fool $D$? No term asks whether together they are complete. If a "1" always works, why draw anything else?
# It is seen best in the plane: real points lie around eight hills, in a ring; $G$ and $D$ are small networks, and two thousand steps take a few seconds.
# The eight hills are called eight **modes**; to hold only a few of them is **mode collapse**. (It has nothing to do with train mode.)
# %% [markdown] lang="zh" tags=["question"] see="training_step_generator"
# 先猜：鉴定师 $D$ 学得比造假者 $G$ 慢十倍，会怎样？
# 假点会铺满八个山头、停在一个山头上，还是从一个跳到另一个？
# %% [markdown] lang="en" tags=["question"] see="training_step_generator"
# Guess first: what if the expert $D$ learns ten times as slowly as the forger $G$?
# Do the fakes cover all eight hills, stay on one of them, or jump from one to the next?
# %% [markdown] lang="zh" tags=["answer"]
# 跳：假点全挤到 $D$ 眼下最信任的地方；$D$ 慢慢学会“这里是假的”，它们就整群搬到下一处。$D$ 总在追昨天的假货。
# 两边一样快，就要碰运气：下一格的种子 2 迟迟不散开；换成种子 0 或 1，`play(0)` 最后占住七八个。
# 让 $D$ 每次看*一对*点，三个种子都占住八个：一对真点常在两个山头上，一对假点总挤在一处，$D$ 一眼就能看出“缺少变化”。单独看每一个点，是看不出来的。
# %% [markdown] lang="en" tags=["answer"]
# They jump: all fakes crowd to the place that $D$ trusts most at the moment; slowly $D$ learns that this place is fake, and then the whole crowd moves on. $D$ always chases yesterday's fakes.
# With both equally fast it is a matter of luck: with the seed 2 of the next cell they hardly spread; with seed 0 or 1, as in `play(0)`, seven or eight hills are held at the end.
# With *pairs* of points shown to $D$ all three seeds hold eight: two real points mostly lie on two hills, two fakes always crowd together, and $D$ sees the lack of variety at once. From each point alone this can't be seen.
# %%
def ring(n: int) -> Float[Tensor, "n 2"]:
    """Points around eight hills on a circle of radius 2."""
    angle = torch.randint(8, (n,)) * math.tau / 8
    return 2 * torch.stack([angle.cos(), angle.sin()], dim=1) + 0.05 * torch.randn(n, 2)


def hills_held(points: Float[Tensor, "n 2"]) -> int:
    """How many of the eight hills have at least one point in fifty within 0.3."""
    angle = torch.arange(8) * math.tau / 8
    near = torch.cdist(points, 2 * torch.stack([angle.cos(), angle.sin()], dim=1)) < 0.3
    return int((near.float().mean(dim=0) >= 0.02).sum())


def small_network(d_in: int, d_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(d_in, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, d_out))


def play(seed: int, lr_d: float = 1e-3, group: int = 1, steps: int = 2000) -> list[Float[Tensor, "n 2"]]:
    """500 fakes at ten moments of a training on the ring; D sees `group` points at a time."""
    torch.manual_seed(seed)
    G, D, seen = small_network(8, 2), small_network(2 * group, 1), []
    # the comprehension gives two optimizers, and the two names take one each
    opt_g, opt_d = (torch.optim.Adam(net.parameters(), lr, (0.5, 0.999)) for net, lr in ((G, 1e-3), (D, lr_d)))
    for step in range(1, steps + 1):
        real, fake = (points.reshape(128, -1) for points in (ring(128 * group), G(torch.randn(128 * group, 8))))
        loss_d = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
        opt_g.zero_grad()
        F.softplus(-D(fake)).mean().backward()
        opt_g.step()
        if step % (steps // 10) == 0:
            seen.append(G(torch.randn(500, 8)).detach())
    return seen


if __name__ == "__main__":
    runs = {"slow expert": play(2, lr_d=1e-4), "equally fast": play(2), "pairs": play(2, group=2)}
    for name, moments in runs.items():
        print(f"{name}: hills held at ten moments {[hills_held(points) for points in moments]}")
    figures.hills(runs, ring(500)).show()


# %% [markdown] lang="zh"
# ### 三次训练说了什么
#
# - *慢的鉴定师*：占住的山头不是 0 就是 1，而且换来换去。假点全挤到 $D$ 眼下最信任的地方；$D$ 慢慢认出那里有假，它们就整群搬走。
# - *一样快*：也会崩溃，十个时刻里大多只占一个，最后才散开一些；换个种子，结果又不同，要碰运气。
# - *成对*：$D$ 每次看两个点，只给一个分数。两个真点常在不同的山头；$G$ 若总画同一处，两个假点就总挤在一起，$D$ 一看就知道。只画一个山头不再划算，很快八个全占住了。
#
# 所以常用的办法有：让 $D$ 同时看几张（例如成对），或者告诉它这一批有多分散；调两边的学习率，让谁也不掉队；或者换一种损失，真假不重合时也有斜率。
# 怎样看出崩溃：样本彼此太像；各类的张数偏得厉害，覆盖度低；训练中所有的样本一起变来变去。
# %% [markdown] lang="en"
# ### What the three runs show
#
# - *A slow expert*: 0 hills or 1 are held, and never the same one for long. All fakes crowd to the place that $D$ trusts most; slowly $D$ learns that fakes are there, and the whole crowd moves on.
# - *Equally fast*: collapse as well; at most of the ten moments only one hill is held, and only at the end do the fakes spread a little. Another seed gives another result: it is a matter of luck.
# - *Pairs*: $D$ sees two points at a time and gives one score. Two real points often lie on different hills; if $G$ always draws in one place, two fakes always lie together, and $D$ sees it at once. It no longer pays to draw one hill only, and soon all eight are held.
#
# So the usual remedies are: let $D$ see several at once (pairs), or tell it how widely the batch is spread; set the two learning rates so that neither falls behind; or take another loss, one that has a slope where real and fake are apart.
# And the signs of collapse: samples too much alike; very uneven counts of classes, a low coverage; samples that all change together during training.
# %% [markdown] lang="zh" tags=["question"] see="judge_samples"
# 有人看了十张样本，说：“个个清清楚楚，这个 GAN 很好。”为什么这还不够？成绩单的哪一个数会提醒他？
# %% [markdown] lang="en" tags=["question"] see="judge_samples"
# Someone looks at ten samples and says: "All of them are sharp, so this GAN is good." Why is that not enough? Which number of the report would warn them?
# %% [markdown] lang="zh" tags=["answer"]
# 清楚只说明“像”，没说明“全”：崩溃的 GAN 画的常常最清楚，只是都一样。
# 覆盖度会提醒他。把握可能反而更高：总画最好认的那一类，分类器当然有把握。
# %% [markdown] lang="en" tags=["answer"]
# Sharp means convincing, not complete: a collapsed GAN often draws the sharpest pictures, only all alike.
# Coverage would warn them. Confidence may even be higher: if only the easiest class is drawn, the classifier is of course sure.
# %% [markdown] lang="zh"
# ### GAN 还是 VAE
#
# | | 上一课的 VAE | GAN |
# |---|---|---|
# | 图 | 模糊：平方误差画各种可能的平均 | 更锐利：模糊的图，$D$ 一眼就看出来 |
# | 全不全 | 每张训练图都要重建，不容易漏 | 没有一项问全不全，可能漏掉整类 |
# | 一张图的编码 | 编码器给出 | 没有编码器，它的 $z$ 要另外去搜 |
# | 训练 | 一个损失往下走，稳（不过损失低，样本未必好） | 两个损失来回摆，看不出好坏，容易失衡 |
#
# 在我们的数字上，两者都十类俱全；同一个分类器的把握，VAE 的样本约 0.85，GAN 的约 0.9。
# %% [markdown] lang="en"
# ### GAN or VAE?
#
# | | the VAE of the last lesson | GAN |
# |---|---|---|
# | pictures | blurred: the squared error draws the mean of what may be | sharper: $D$ sees at once what is blurred |
# | complete? | each training picture must be reconstructed, so few are lost | no term asks for it, and whole classes may be missing |
# | a given picture's code | the encoder gives it | there is no encoder: its $z$ must be searched for |
# | training | one loss, which goes down steadily (though a low loss is no proof of good samples) | two losses that swing, tell nothing of quality, and get out of balance |
#
# On our digits both draw all ten classes; the same classifier's confidence is about 0.85 for samples of the VAE, and about 0.9 for those of the GAN.
# %% [markdown] lang="zh"
# ### 更大的图（选做）
#
# 同样的代码，换 `GANArgs` 就行；图的大小由 `images` 决定。
# - 手写数字 MNIST（需要网络，第一次下载 15 MB）：`from part2_cnns.data import mnist`，取 `mnist(True).tensors[0]`，是 `n 1 28 28`，两次减半得 7，正好。
# - 64×64 的图，由第 1 天的光线追踪画成：下一格造一个看形状；`(32, 64, 128, 256)` 四次减半得 4。真要训练，就加大 `epochs`，最好有 GPU。
# %% [markdown] lang="en"
# ### Larger pictures (optional)
#
# The code is the same, only `GANArgs` changes; `images` decides the size.
# - The handwritten digits of MNIST (this needs a network; the first time it downloads 15 MB): `from part2_cnns.data import mnist`, and take `mnist(True).tensors[0]`, which is `n 1 28 28`; halved twice that is 7, as it should be.
# - Pictures of 64×64, drawn by day 1's ray tracer: the next cell makes some and looks at the shapes; `(32, 64, 128, 256)` halves four times, to 4. To train it properly, raise `epochs`; a GPU helps.
# %%
if __name__ == "__main__":
    if trained:
        from part5_vaes.data import rendered_pictures

        large = 2 * rendered_pictures(64) - 1
        args = GANArgs(large, latent_dim=64, hidden_channels=(32, 64, 128, 256), epochs=1, batch_size=16)
        large_gan, _ = train_gan(args)
        figures.gallery(draw(large_gan, torch.randn(8, 64)), epoch=1, columns=4).show()


# %% [markdown] lang="zh"
# ## 7 · 这些零件还会回来
#
# 网络要把图变大的地方，常有转置卷积：放大照片，或者标出图里哪里是什么。“用一个学出来的网络当损失”也不只用于画图：今天许多语言模型的训练里，就有一步是让另一个网络给答案打分。
# `detach` 的道理你会再遇到：凡是两个网络互相喂数据，就要问一句，谁的梯度该停在哪里。
#
# 合上书，试着说出：转置卷积是哪个矩阵的转置，大小的公式；为什么核 4、步幅 2 的印章铺得均匀，核 3 却不；$L_D$ 是 $2 \ln 2$ 时意味着什么；为什么用 $-\ln D(G(z))$；哪一步要 `detach`，哪一步不能；样本的两个数各看什么，漏看什么；$D$ 太强为什么有害，模式崩溃有什么办法。
# 哪一条说不出，就回到讲它的那一格。
# %% [markdown] lang="en"
# ## 7 · Where these pieces come back
#
# Transposed convolutions are common where a network makes a picture larger: to enlarge a photograph, or to mark what is where in it. "A learned network as the loss" isn't only for drawing: in one step of their training, many of today's language models have their answers scored by another network.
# You will meet the reason for `detach` again: whenever one network feeds another, ask whose gradients should end where.
#
# Without looking back, try to say: of which matrix transposed convolution is the transpose, and the formula for its size; why the stamps of kernel 4 with stride 2 lie evenly, and those of kernel 3 don't; what it means that $L_D$ is $2 \ln 2$; why $-\ln D(G(z))$; which step needs `detach`, and which must not have it; what the two numbers of the report look at, and what they overlook; why too strong a $D$ does harm, and what helps against mode collapse.
# If there is one that you can't say, go back to its cell.
