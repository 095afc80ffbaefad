# %% [markdown] lang="zh" order=2
# # 第 2 天 · 卷积网络与 ResNet
#
# 这一课你写出卷积、池化、批归一化和残差块，把它们装成有 34 层的残差网络（residual network，简称 ResNet）ResNet34，与原版对得上；再造一个小的，读上一课的数字，比上一课的网络错得少。
#
# **先修**：`part2_cnns`（模块、`Sequential`、训练、`train` 与 `eval`）。
# **时间**：约 3 个半小时；第 2 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint Conv2d`，自测用 `coach questions`。
#
# 规矩与上一课相同：PyTorch 有同名模块的，你的要与它相等（前向、反向、两种模式、参数的名字）；`float64` 的输入（模块先 `.double()`）与不连续的输入也要对；输入不许改动；计算自己写，除非练习说可以借用；报错要附一句说明。
# 上一课的 `Linear`、`ReLU`、`Sequential` 直接拿来用，不管你自己的写完没有；改用 `torch.nn` 里同名的也算对。
# 代码里的 `F` 是 `torch.nn.functional`：同样的计算写成函数，自己不存参数。
# 评判时只用各练习写明的那类输入：图总是四个轴、至少一张，值是有限的浮点数；没写明的情形不评判，其余的名字和写法不限。
# %% [markdown] lang="en"
# # Day 2 · convolutional networks and ResNets
#
# In this lesson you write convolution, pooling, batch norm and the residual block, put them together into ResNet34, a **residual network** (ResNet for short) of 34 layers that agrees with the original, and build a small one that reads last lesson's digits with fewer errors.
#
# **You need** `part2_cnns` (modules, `Sequential`, training, `train` and `eval`).
# **Time**: about three and a half hours; after section 2 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint Conv2d` helps when you are stuck, `coach questions` asks you questions to check yourself.
#
# The rules are those of the last lesson: where PyTorch has a module of the same name, yours equals it (forward, backward, both modes, names of parameters); `float64` inputs (after the module's `.double()`) and inputs that aren't contiguous work too; inputs stay unchanged; you write the computation, unless the exercise lets you borrow it; an error says in a sentence what is wrong.
# Last lesson's `Linear`, `ReLU` and `Sequential` are there for you, whether or not you have finished your own; those of `torch.nn` are accepted as well.
# In the code `F` is `torch.nn.functional`: the same computations as functions that keep no parameters.
# You are judged only on inputs as the exercises describe them: images always have four axes, there is at least one, and values are finite floats; cases not described aren't judged, and all other names and ways of writing are free.
# %%
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from part2_cnns.solutions import (
    Flatten,
    Linear,
    ReLU,
    Sequential,
    TrainArgs,
    accuracy,
    get_digits,
    train_with_validation,
)
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from part2_resnets import figures, reference, tests


# %% [markdown] lang="zh" tags=["question"] see="part2_cnns.Linear"
# 先回想上一课，不要翻看：`nn.Linear` 的默认初始权重让标准差每层约乘 0.58。穿过十层之后，还剩大约多少？ReLU 会让它更大还是更小？
# %% [markdown] lang="en" tags=["question"] see="part2_cnns.Linear"
# From the last lesson, without looking it up: with the default initial weights of `nn.Linear` each layer multiplies the standard deviation by about 0.58. About how much is left after ten layers? Does a ReLU make it more or less?
# %% [markdown] lang="zh" tags=["answer"]
# $0.58^{10} \approx 0.004$；每层再加一个 ReLU，丢掉负的一半，就更小。
# 第 2 节从这里接着讲。
# %% [markdown] lang="en" tags=["answer"]
# $0.58^{10} \approx 0.004$; with a ReLU in each layer, which throws away the negative half, it is less still.
# Section 2 goes on from here.
# %% [markdown] lang="zh" tags=["question"] see="part2_cnns.accuracy"
# 再回想一个：测准确率时为什么要 `eval` 模式，又为什么不求梯度？两者是一回事吗？
# %% [markdown] lang="en" tags=["question"] see="part2_cnns.accuracy"
# And one more: why is the accuracy measured in `eval` mode, and why without gradients? Are these the same thing?
# %% [markdown] lang="zh" tags=["answer"]
# 不是一回事。
# `eval` 模式改变*算什么*：`Dropout` 不再随机丢弃，批归一化不看同批的其他样本；模型里有这样的层，忘了它，结果就不对。
# 不求梯度只改变*记什么*：不建计算图，省内存和时间；忘了它，结果还是对的。
# %% [markdown] lang="en" tags=["answer"]
# They are not.
# `eval` mode changes *what is computed*: `Dropout` drops nothing, batch norm doesn't look at the other samples of the batch; forget it in a model with such layers, and the result is wrong.
# Switching gradients off changes only *what is recorded*: no graph is built, which saves memory and time; forget it, and the result is still right.
# %% [markdown] lang="zh"
# ## 1 · 卷积
# ### 挪动一个像素
#
# 上一课的 `SimpleMLP` 认对了留出集的 97%。
# 现在把这些图整体向右挪一个像素，左边补 0；人几乎看不出差别。
# %% [markdown] lang="en"
# ## 1 · Convolution
# ### Moved by one pixel
#
# Last lesson's `SimpleMLP` gets 97% of the held-out digits right.
# Now move these pictures to the right by one pixel, with zeros coming in on the left; a human hardly sees a difference.
# %% [markdown] lang="zh" tags=["question"] see="Conv2d"
# 先预测，再运行下一格：准确率还剩多少？95%、80%，还是不到一半？
# %% [markdown] lang="en" tags=["question"] see="Conv2d"
# Predict, then run the next cell: how much of the accuracy is left? 95%, 80%, or less than half?
# %% [markdown] lang="zh" tags=["answer"]
# 不到一半；挪两个像素，就只比瞎猜好一点。
# 线性层给每个位置各学一套权重：“左上角有一竖”和“中间有一竖”对它是毫不相干的两件事，训练时没见过的位置，它就不会。
# %% [markdown] lang="en" tags=["answer"]
# Less than half; moved by two, it is little better than guessing.
# A linear layer learns weights of their own for each place: "a stroke at the top left" and "a stroke in the middle" have nothing to do with each other, and a place not seen in training is not known.
# %%
def moved(pixels: int) -> TensorDataset:
    """The held-out digits, this many pixels further right."""
    images, labels = get_digits(train=False).tensors
    wider = F.pad(images, (pixels, 0))  # so many columns of 0 on the left, none on the right
    return TensorDataset(wider[..., :8], labels)  # `...`: all axes before the last, whole


if __name__ == "__main__":
    mlp, _, _ = train_with_validation(TrainArgs())
    for pixels in range(3):
        print(f"moved by {pixels}: {accuracy(mlp, moved(pixels)):.0%} right")


# %% [markdown] lang="zh"
# ### 一个小窗口，走遍全图
#
# 卷积（convolution）的办法：不给每个位置各配一套权重，而是用*同一个*小小的核（kernel）在每个位置上看一眼。
# 核放在哪里，就把盖住的数与核逐项相乘，再全部相加：这就是一次点积，得到一个数，叫这个位置的响应（response）；所有位置的响应排成一张图，就是卷积的输出。
# 严格说来这叫互相关（cross-correlation）：数学里的卷积要先把核旋转 180 度；深度学习里都照这样叫它卷积。
#
# 手算一遍。
# 核的每一行都是 $(-1, 0, 1)$，右边减左边：它找的是“左暗右亮”的竖边。
# 图是 5×5：上面两行全是 0，下面三行都是 $0, 0, 1, 1, 1$。
#
# | 核的左上角在 | 盖住的三行 | 点积 |
# |---|---|---|
# | 第 0 行第 0 列 | 两行 $0,0,0$，一行 $0,0,1$ | 1 |
# | 第 1 行第 0 列 | 一行 $0,0,0$，两行 $0,0,1$ | 2 |
# | 第 2 行第 0 列 | 三行 $0,0,1$ | 3 |
# | 第 2 行第 1 列 | 三行 $0,1,1$ | 3 |
# | 第 2 行第 2 列 | 三行 $1,1,1$ | 3·(1 − 1) = 0 |
#
# 核在 5×5 里横竖各能放三个位置，所以结果是 3×3。
# 最后一行说明它找的不是“亮”，而是“变化”：一片全亮，响应是 0。
# 拖动图下的滑块，看它走完九步。
# %% [markdown] lang="en"
# ### A small window that walks over the picture
#
# A **convolution** doesn't give each place weights of its own; it looks at every place through *one and the same* small **kernel**.
# Wherever the kernel lies, multiply the numbers beneath it with the kernel, term by term, and add all up: that is one dot product, and gives one number, the **response** at this place; the responses of all places, laid out as a picture, are the output.
# Strictly, this is a **cross-correlation**: a convolution in mathematics turns its kernel by 180 degrees first; in deep learning everybody calls this one a convolution.
#
# Once by hand.
# Each row of the kernel is $(-1, 0, 1)$, right minus left: it looks for vertical edges with dark on the left and light on the right.
# The picture is 5×5: its two upper rows are 0, the three lower ones are $0, 0, 1, 1, 1$.
#
# | the kernel's upper left is at | three rows beneath it | dot product |
# |---|---|---|
# | row 0, column 0 | two of $0,0,0$, one of $0,0,1$ | 1 |
# | row 1, column 0 | one of $0,0,0$, two of $0,0,1$ | 2 |
# | row 2, column 0 | three of $0,0,1$ | 3 |
# | row 2, column 1 | three of $0,1,1$ | 3 |
# | row 2, column 2 | three of $1,1,1$ | 3·(1 − 1) = 0 |
#
# In 5×5 there are three places for the kernel in each direction, so the result is 3×3.
# The last row shows that it looks for change and not for light: where all is light, it answers 0.
# Drag the slider below the figure to watch all nine steps.
# %%
if __name__ == "__main__":
    picture = torch.tensor([[0.0] * 5] * 2 + [[0.0, 0, 1, 1, 1]] * 3)
    kernel = torch.tensor([[-1.0, 0, 1]] * 3)
    # `None, None` adds a batch of one and one channel; `[0, 0]` takes both off again
    response = F.conv2d(picture[None, None], kernel[None, None])[0, 0]
    print("response:", response.int().tolist())
    print(
        "kernel turned by 180 degrees:",
        F.conv2d(picture[None, None], kernel.flip(0, 1)[None, None])[0, 0].int().tolist(),  # rows and columns reversed
    )
    figures.walk(picture, kernel, response).show()


# %% [markdown] lang="zh" tags=["question"] see="Conv2d"
# 上一格里，核旋转 180 度以后，结果变成了什么？深度学习为什么懒得转？
# %% [markdown] lang="en" tags=["question"] see="Conv2d"
# In the cell above, what did the result become with the kernel turned by 180 degrees? And why doesn't deep learning bother to turn it?
# %% [markdown] lang="zh" tags=["answer"]
# 正负号反了：转过的核是“左减右”。（严格说，不旋转的叫互相关，cross-correlation。）
# 核是学出来的：若旋转着用，训练就学出一个旋转过的核，网络算的还是同一个函数。
# 但搬运别人的权重时，两边必须约定相同；PyTorch 不旋转。
# %% [markdown] lang="en" tags=["answer"]
# Its sign changed: the turned kernel is left minus right. (Strictly, without turning it is called cross-correlation.)
# The kernel is learned: if it were turned in use, training would learn a turned kernel, and the network would compute the same function.
# But when you take over somebody's weights, both sides must agree; PyTorch doesn't turn.
# %% [markdown] lang="zh" numbers="43 216 36864 432"
# ### 通道，以及权重有多少
#
# 彩色图的每个像素有三个数：红、绿、蓝三张图叠在一起，每一张叫一个通道（channel）。
# 网络里面的通道不再是颜色：每个核给出一张响应图，八个核就是八个通道，下一层把它们当输入。
#
# 一个核*看遍所有输入通道*：每个通道有自己的一片小核，点积全部加起来，得到一个数。
# 最小的例子：两个输入通道，核是 1×1，两片分别是 1 和 10；某个像素的两个值是 3 和 4，输出就是 1·3 + 10·4 = 43。
# （常见的误会是“通道之间各卷各的”；那是另一种卷积，叫 depthwise。）
#
# 所以 `weight` 的形状是 `c_out c_in height width`：多少个核，每个几片，一片多大。
# 数一数：3 个通道变 8 个，核 3×3，共 8·3·3·3 = 216 个权重；64 变 64 是 64·64·9 = 36864 个。
# 卷积通常还给每个输出通道加一个偏置：3 变 16 是 16·3·3·3 = 432 个权重加 16 个偏置，共 448 个；32×32 的图用线性层，则要 (3·32·32)·(16·32·32)，约五千万个。
# 注意卷积的算式里根本没有图的大小：同一套权重用在每个位置上，这就是权重共享（weight sharing）。
# 它换来两样：权重少，而且图挪一个像素，响应也跟着挪一个像素，别的不变（核一格一格地挪，也不算边上时）。
# 它靠的是对图像的两个假设：有用的东西看*邻近*的像素就能认出（所以窗口小）；在一处有用的，在*别处*也有用（所以共享权重）。
# 卷积也可以写成线性层，只是矩阵很特别。一维的例子：三个数，核是 $(-1, 1)$，输出 $x_1 - x_0$ 和 $x_2 - x_1$，矩阵的两行就是 $(-1, 1, 0)$ 和 $(0, -1, 1)$。
# 窗口之外是 0，每一行是同样的两个数，只是挪了一格：线性层有 6 个数要学，卷积只有 2 个。
#
# 1×1 的核只看一个像素，却不只是乘一个数：它在每个像素上把所有通道重新搭配，等于处处用同一个线性层。
# 常用它先减少通道，再做昂贵的 3×3：256 变 64 只要 256·64 = 16384 个权重，之后 64 变 64 的 3×3 要 36864 个；再用 1×1 变回 256 个通道，又是 16384 个，一共不到 7 万；直接在 256 个通道上做，要 256·256·9 = 589824 个。
# %% [markdown] lang="en" numbers="43 216 36864 432"
# ### Channels, and how many weights
#
# Each pixel of a colour picture has three numbers: a red, a green and a blue picture lie on top of each other, and each is a **channel**.
# Inside a network channels are no longer colours: each kernel makes one picture of responses, eight kernels make eight channels, and the next layer takes them as its input.
#
# A kernel *looks through all input channels*: it has a slice for each, and all the dot products are added up to one number.
# The smallest example: two input channels, a kernel of 1×1 with the slices 1 and 10; a pixel has the two values 3 and 4, and the output is 1·3 + 10·4 = 43.
# (It is often believed that each channel is convolved separately; that is another kind of convolution, called depthwise.)
#
# So `weight` has the shape `c_out c_in height width`: how many kernels, how many slices in each, how large a slice.
# Count: from 3 channels to 8 with kernels of 3×3 there are 8·3·3·3 = 216 weights; from 64 to 64, 64·64·9 = 36864.
# Usually a convolution also adds one bias per output channel: from 3 to 16 there are 16·3·3·3 = 432 weights and 16 biases, together 448; a linear layer on pictures of 32×32 takes (3·32·32)·(16·32·32), about fifty million.
# In the convolution's count the size of the picture doesn't appear: the same weights serve every place, and that is **weight sharing**.
# It buys two things: few weights, and a picture moved by one pixel gives responses moved by one pixel and otherwise the same (if the kernel moves one pixel at a time, and away from the edges).
# It rests on two assumptions about pictures: what is useful can be recognised from *nearby* pixels (so the window is small), and what is useful in one place is useful in *others* (so weights are shared).
# A convolution can be written as a linear layer, too, with a very special matrix. In one dimension, three numbers and the kernel $(-1, 1)$ give $x_1 - x_0$ and $x_2 - x_1$, so the rows are $(-1, 1, 0)$ and $(0, -1, 1)$.
# Outside of the window there is 0, and each row has the same two numbers, moved on by one place: a linear layer has 6 numbers to learn here, the convolution 2.
#
# A 1×1 kernel sees one pixel only, and yet it is more than a multiplication by one number: at each pixel it mixes all channels in a new way, the same linear layer everywhere.
# It often reduces the channels before an expensive 3×3: from 256 to 64 takes only 256·64 = 16384 weights, the 3×3 from 64 to 64 then takes 36864, and another 1×1 back to 256 channels 16384 again, fewer than 70,000 together; a 3×3 on all 256 channels would take 256·256·9 = 589824.
# %%
if __name__ == "__main__":
    pixel, kernel = torch.tensor([3.0, 4]).reshape(1, 2, 1, 1), torch.tensor([1.0, 10]).reshape(1, 2, 1, 1)
    print("two channels become", F.conv2d(pixel, kernel).int().item())
    for c_in, c_out in ((3, 8), (3, 16), (64, 64)):
        print(f"{c_in} to {c_out} channels, 3x3:", nn.Conv2d(c_in, c_out, 3, bias=False).weight.numel(), "weights")
    columns = F.conv1d(torch.eye(3)[:, None], torch.tensor([[[-1.0, 1]]]))[:, 0]  # what becomes of (1, 0, 0) and so on
    print("a convolution as a matrix:", columns.T.int().tolist())
    # 64x56x56: 64 channels of 56x56 pixels, a size that occurs inside ResNet34 (section 3)
    print(f"a linear layer from 64x56x56 to 64x56x56: {(64 * 56 * 56) ** 2:,} weights")


# %% [markdown] lang="zh"
# ### 填充、步幅、输出的大小
#
# 每过一层 3×3 的核，图的外圈就少掉一层像素，高和宽各减 2：8×8 变 6×6，再变 4×4，没几层就没了。
# 填充（padding）在四周补 0：`padding=1` 时，一格一格挪的 3×3 核不改变大小。
# 步幅（stride）是核每次挪几格：`stride=2` 隔一格看一次，大小约减半。（它与内存里的步长英文同名，却是两回事。）
#
# 输出有几个位置？高为 $h$ 的图，两边各补 $p$ 格，成为 $h + 2p$ 格。
# 核一开始盖住其中 $k$ 格，所以还能往前挪 $h + 2p - k$ 格；每步 $s$ 格，就是 $(h + 2p - k)/s$ 步，再加上出发的那一处：
#
# $$\left\lfloor \frac{h + 2p - k}{s} \right\rfloor + 1$$
#
# 那对只有下半边的方括号表示去掉小数部分：最后不够一步，就不走了。
#
# | $h$ | $k$ | $p$ | $s$ | 输出 |
# |---|---|---|---|---|
# | 5 | 3 | 0 | 1 | 2/1 + 1 = 3 |
# | 8 | 3 | 1 | 1 | 7/1 + 1 = 8 |
# | 8 | 3 | 1 | 2 | 7/2 取 3，+ 1 = 4 |
# | 224 | 7 | 3 | 2 | 223/2 取 111，+ 1 = 112 |
# %% [markdown] lang="en"
# ### Padding, stride, the size of the output
#
# With a kernel of 3×3 a picture loses a pixel on each of its four sides in every layer, so height and width are 2 less: 8×8 becomes 6×6, then 4×4, and soon nothing is left.
# **Padding** puts zeros around it: with `padding=1` a 3×3 kernel that moves one pixel at a time keeps the size.
# The **stride** is how far the kernel moves each time: `stride=2` looks at every second place, and about halves the size. (The stride in memory has the same name and is another thing.)
#
# How many places are there? A picture of height $h$, padded by $p$ on both sides, is $h + 2p$ high.
# The kernel covers $k$ of them at first, so it can still move by $h + 2p - k$; with steps of $s$ that makes $(h + 2p - k)/s$ steps, plus 1 for the place where it starts:
#
# $$\left\lfloor \frac{h + 2p - k}{s} \right\rfloor + 1$$
#
# The half brackets drop the fraction: a last step that doesn't fit isn't taken.
#
# | $h$ | $k$ | $p$ | $s$ | output |
# |---|---|---|---|---|
# | 5 | 3 | 0 | 1 | 2/1 + 1 = 3 |
# | 8 | 3 | 1 | 1 | 7/1 + 1 = 8 |
# | 8 | 3 | 1 | 2 | 7/2 gives 3, + 1 = 4 |
# | 224 | 7 | 3 | 2 | 223/2 gives 111, + 1 = 112 |
# %% [markdown] lang="zh" tags=["question"] see="Conv2d"
# 先用公式算，再看下一格：7×7 的图，核 2×2，步幅 2，不填充，输出多大？最右边那一列怎么了？
# %% [markdown] lang="en" tags=["question"] see="Conv2d"
# By the formula first, then run the next cell: a picture of 7×7, a kernel of 2×2, stride 2, no padding: how large is the output? And what happens to the rightmost column?
# %% [markdown] lang="zh" tags=["answer"]
# $5/2$ 取 2，加 1 得 3：输出 3×3。没有一个窗口看得到最后一列（和最后一行），它们悄悄丢掉了。
# 若 `padding=1`，输出是 4×4，每个像素都看得到：填充不只是为了保住大小，也能保住边上的像素。
# %% [markdown] lang="en" tags=["answer"]
# $5/2$ gives 2, plus 1 is 3: the output is 3×3. No window ever sees the last column (nor the last row); both are lost without a warning.
# With `padding=1` the output is 4×4, and every pixel is seen: padding not only keeps the size, it can also save the pixels at the edge.
# %%
if __name__ == "__main__":
    for h, k, p, s in ((5, 3, 0, 1), (8, 3, 1, 1), (8, 3, 1, 2), (224, 7, 3, 2), (7, 2, 0, 2)):
        out = nn.Conv2d(1, 1, k, stride=s, padding=p)(torch.zeros(1, 1, h, h)).shape[-1]
        print(f"h {h:3}, kernel {k}, padding {p}, stride {s}: {out}")
    for strides in ((1, 1, 1), (2, 2, 2)):
        x = torch.zeros(1, 1, 33, 33, requires_grad=True)
        y, sizes = x, []
        for s in strides:
            y = F.conv2d(y, torch.ones(1, 1, 3, 3), stride=s, padding=1)
            # the slopes of the middle output: where they aren't 0, it sees the input
            # `retain_graph` keeps the graph for the next turn of the loop
            (seen,) = torch.autograd.grad(y[0, 0, y.shape[2] // 2, y.shape[3] // 2], x, retain_graph=True)
            sizes.append(int(seen[0, 0].any(dim=0).sum()))  # how many columns have a slope that isn't 0
        print(f"strides {strides}: one output sees a square of side", sizes)


# %% [markdown] lang="zh" numbers="3 5 7 15"
# ### 感受野
#
# 上一格最后两行回答了另一个问题：一个输出究竟看得见输入的哪一块？这一块叫感受野（receptive field）。
# 一层 3×3 看见 3×3；再叠一层，它的每个输入又各看见 3×3，合起来是 5×5；三层 7×7。
# 从 1 开始，步幅为 1 时每叠一层边长加 $k - 1 = 2$，得到 3、5、7。
# 若步幅都是 2，后一层的一格相当于前一层的两格，所以依次加 2、4、8，得到 3、7、15。
# 所以卷积网络不是“只看局部”：深处的一个数可以看见整张图，只是要一层层看过去。
# 两层 3×3 与一层 5×5 看见的一样大，权重却是 18 对 25（每对输入、输出通道；进出各 $C$ 个通道，就是 $18C^2$ 对 $25C^2$），中间还多一个 ReLU：这就是为什么大家叠小核。
#
# **读物**：Vincent Dumoulin 与 Francesco Visin，*A guide to convolution arithmetic for deep learning*（英文），把填充和步幅的每一种情形都画了出来。读时想：它的哪一张图与上表的第三行是同一种情形？
# %% [markdown] lang="en" numbers="3 5 7 15"
# ### The receptive field
#
# The cell's last two lines answer another question: which part of the input does one output see? That part is its **receptive field**.
# One layer of 3×3 sees 3×3; with a second, each of its inputs sees 3×3 in turn, together 5×5; three layers see 7×7.
# From 1 on, with a stride of 1, each layer adds $k - 1 = 2$ to the side, which makes 3, 5, 7.
# If all strides are 2, a step in one layer is two steps in the layer before; so the layers add 2, 4, 8, which makes 3, 7, 15.
# So a convolutional network does not "see local things only": a number deep inside can see the whole picture, by looking through layer after layer.
# Two layers of 3×3 see as much as one of 5×5, with 18 weights against 25 for each pair of an input and an output channel (with $C$ channels in and out, $18C^2$ against $25C^2$), and a ReLU in between: that is why small kernels are stacked.
#
# **Reading**: Vincent Dumoulin and Francesco Visin, *A guide to convolution arithmetic for deep learning* (in English), draws every case of padding and stride. While you read: which of its pictures shows a case like the third row of the table above?
# %%
def pair(n: int | tuple[int, int]) -> tuple[int, int]:
    """`n` for height and width; a pair stays as it is."""
    return (n, n) if isinstance(n, int) else n


# %% [markdown] lang="zh"
# ### 练习 · 卷积层 · 20 分钟
#
# `Conv2d(3, 8, 3, padding=1)` 把 `2 3 9 7` 变成 `2 8 9 7`；步幅若是 2，就是 `2 8 5 4`。
# - `kernel_size`、`stride`、`padding` 是一个整数，或一对（高和宽），例如 `(2, 5)`，没有列表和字符串；上面的 `pair` 可以用，评判时也在。
# - 唯一的参数是 `weight`，形状 `c_out c_in height width`，每个元素各自从 $[-1/\sqrt{n},\ 1/\sqrt{n}]$ 里均匀抽取；$n$ 是一个输出看见的输入个数，与 `Linear` 的 `d_in` 是一个道理。用 PyTorch 的随机数，怎么抽不限：评判看分布，看每造一层是否都重新抽取，以及 `torch.manual_seed` 给了同样的种子后是否抽出同样的数（所以不要自备发生器），不与 `nn.Conv2d` 逐个比。
# - 没有偏置：你今天写的网络里，每个卷积后面都有批归一化（batch normalisation），它减去每个通道的均值（第 2 节），偏置也就一起减掉了。
# - 计算可以交给 `F.conv2d`；在 `part2_strides` 里你会自己写。不能继承 `nn.Conv2d`。
# %% [markdown] lang="en"
# ### Exercise · the convolution · 20 min
#
# `Conv2d(3, 8, 3, padding=1)` turns `2 3 9 7` into `2 8 9 7`; with a stride of 2 it is `2 8 5 4`.
# - `kernel_size`, `stride` and `padding` are one integer, or a pair (height, width) such as `(2, 5)`, never a list or a string; use `pair` above if you like, it is there when you are judged.
# - The only parameter is `weight`, of shape `c_out c_in height width`, each entry drawn on its own, uniformly from $[-1/\sqrt{n},\ 1/\sqrt{n}]$; $n$ is how many inputs one output sees, for the same reason as `d_in` in `Linear`. Use PyTorch's random numbers, in any way: what counts is the distribution, that each layer you make is drawn anew, and that the same seed by `torch.manual_seed` gives the same numbers again (so use no generator of your own); they aren't compared with those of `nn.Conv2d` one by one.
# - There is no bias: in the networks that you write today a batch norm follows every convolution; it subtracts each channel's mean (section 2), and a bias would go with it.
# - You may leave the computation to `F.conv2d`; in `part2_strides` you write it yourself. Don't inherit from `nn.Conv2d`.
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
# 一个输出是几个乘积之和？核有几片，每片几个数？
# %% [markdown] lang="en" tags=["hint"]
# One output is the sum of how many products? How many slices has a kernel, and how many numbers has a slice?
# %% [markdown] lang="zh" tags=["hint"]
# `math.prod` 求高与宽的积；`uniform_` 像在 `Linear` 里那样用；没有参数的东西（步幅、填充）就是普通属性。
# %% [markdown] lang="en" tags=["hint"]
# `math.prod` multiplies height and width; use `uniform_` as in `Linear`; what is no parameter (stride, padding) is a plain attribute.
# %% [markdown] lang="zh" numbers="4 8 9 6"
# ### 池化：在就行，不管在哪
#
# 认猫时，“这一带有没有胡须”要紧，胡须偏左还是偏右一格不要紧。
# 最大池化（max pooling）就这样概括：每个窗口只留最大的一个；没有参数可学。
#
# 手算，窗口 2×2，一个挨一个：
#
# | | |
# |---|---|
# | 1 3 | 0 8 |
# | 4 2 | 5 1 |
# | 9 0 | 2 2 |
# | 7 7 | 6 3 |
#
# 四个窗口的最大值是 4、8、9、6：4×4 变成 2×2。
#
# 两处要当心。
# PyTorch 里池化的 `stride` 默认*等于窗口*，不像卷积那样默认是 1。
# 填充补的不是 0 而是 $-\infty$：窗口里全是负数时，补上的 0 会“赢”，凭空多出一个响应。
# 还有，梯度只流向赢的那一个。
#
# 图挪动一个像素之后，最大的那个若还在原来的窗口里，而且仍是最大的，输出就不变；挪过了窗口的边界，输出多半就变了。
# 池化的步幅也让后面的层看得更远：窗口 2×2、步幅 2 之后，后面每一层的一格都相当于前面的两格，与带步幅的卷积一样。
# %% [markdown] lang="en" numbers="4 8 9 6"
# ### Pooling: that it is there, not where
#
# To recognise a cat it matters whether there are whiskers around here, not whether they are a pixel further left.
# **Max pooling** sums up in this way: of each window only the largest number stays; there is nothing to learn in it.
#
# By hand, with windows of 2×2 side by side:
#
# | | |
# |---|---|
# | 1 3 | 0 8 |
# | 4 2 | 5 1 |
# | 9 0 | 2 2 |
# | 7 7 | 6 3 |
#
# The largest of the four windows are 4, 8, 9, 6: 4×4 becomes 2×2.
#
# Two things to watch.
# In PyTorch the `stride` of a pooling is by default *the window*, and not 1 as for a convolution.
# The padding is not 0 but $-\infty$: in a window of negative numbers a padded 0 would win, and a response would come out of nothing.
# And gradients flow only to the winner.
#
# If the picture moves by one pixel, and the largest number is still in its window and still the largest there, the output stays as it was; if it crosses into the next window, the output usually changes.
# The stride of a pooling, too, lets later layers see further: after windows of 2×2 with a stride of 2, one step in a later layer is two steps before the pooling, as with a convolution of that stride.
# %%
if __name__ == "__main__":
    x = torch.tensor([[1.0, 3, 0, 8], [4, 2, 5, 1], [9, 0, 2, 2], [7, 7, 6, 3]])
    print("pooled:", [int(v) for v in nn.MaxPool2d(2)(x[None, None]).flatten()])
    negative = -1 - x
    print("all negative, padding 1:", [int(v) for v in nn.MaxPool2d(2, padding=1)(negative[None, None])[0, 0, 0]])


# %% [markdown] lang="zh"
# ### 练习 · 最大池化 · 10 分钟
#
# 每个窗口留下最大的：上面的 4×4 经 `MaxPool2d(2)` 变成 `[[4, 8], [9, 6]]`。
# 三个参数都是一个整数或一对（高和宽）；没有给 `stride` 时，它就是 `kernel_size`。
# 补上的值永远不会被选中，不管输入多小（例如全在 −1,000,000 以下，或者是 float64，全在 float32 的范围以下）；`padding` 最多是窗口的一半。
# 窗口里有几个一样大的最大值时，梯度怎样分给它们不评判：PyTorch 全给第一个，`amax` 平分，一个接一个用 `torch.maximum` 则得 ¼、¼、½，都算对。
# 计算可以交给 `F.max_pool2d`；不能继承 `nn.MaxPool2d`。
# %% [markdown] lang="en"
# ### Exercise · max pooling · 10 min
#
# Keep the largest of each window: `MaxPool2d(2)` turns the 4×4 above into `[[4, 8], [9, 6]]`.
# All three arguments are an integer or a pair (height, width); without a `stride`, the stride is the `kernel_size`.
# What is padded is never chosen, however small the input (all below −1,000,000, say, or float64 and all below the range of float32); `padding` is at most half the window.
# Where several numbers of a window are the largest, how the gradient is split among them isn't judged: PyTorch gives all of it to the first, `amax` equal shares, and `torch.maximum` of one after the other ¼, ¼ and ½; all are right.
# You may leave the computation to `F.max_pool2d`; don't inherit from `nn.MaxPool2d`.
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
# `stride=None` 的意思是“与 `kernel_size` 一样”，不是 1；`F.max_pool2d` 自己就补 $-\infty$。
# %% [markdown] lang="en" tags=["hint"]
# `stride=None` means "the same as `kernel_size`" and not 1; `F.max_pool2d` pads with $-\infty$ by itself.
# %% [markdown] lang="zh"
# ## 2 · 批归一化
# ### 信号走不到第 20 层
#
# 先看毛病，再看药方。
# 下面的网络有 20 个 3×3 卷积，每个后面一个 ReLU；要训练的是你已经熟悉的数字。
# 每过一层，数的标准差就缩成原来的大约 0.36 倍。
# 这不是谁写错了：默认的权重界 $1/\sqrt{n}$ 让一层的输出缩到 $1/\sqrt{3}$（上一课算过），ReLU 又丢掉负的一半，边上补的 0 再拿走一点。
# %% [markdown] lang="en"
# ## 2 · Batch norm
# ### A signal that never reaches layer 20
#
# First the disease, then the cure.
# The network below has 20 convolutions of 3×3 with a ReLU after each; it is to learn the digits that you know.
# With each layer the spread (standard deviation) of the numbers shrinks to about 0.36 of what it was.
# Nobody made a mistake: the default bound $1/\sqrt{n}$ lets a layer's output shrink to $1/\sqrt{3}$ (you worked it out last lesson), ReLU throws away the negative half, and the zeros of the padding take a little more.
# %% [markdown] lang="zh" tags=["question"] see="BatchNorm2d"
# 先预测，再运行下一格。
# 第 1 层之后标准差是 0.16，第 2 层之后是 0.057。
# 第 20 层之后大约是多少：0.1、0.001，还是不到百万分之一？训练五轮，损失会慢慢降，还是一动不动？
# %% [markdown] lang="en" tags=["question"] see="BatchNorm2d"
# Predict first, then run the next cell.
# After layer 1 the spread is 0.16, after layer 2 it is 0.057.
# About how large is it after layer 20: 0.1, 0.001, or less than a millionth? And in five epochs of training, does the loss fall slowly, or not at all?
# %% [markdown] lang="zh" tags=["answer"]
# 不到百万分之一：从第 1 层的 0.16 起还要乘 19 次，$0.36^{19} \approx 4 \cdot 10^{-9}$，所以不到 $10^{-9}$。
# 到了最后一层，每张图看起来都一样，网络只能按各类的多少来猜：损失停在 $\ln 10 \approx 2.30$。
# 梯度往回走也要乘差不多的因子，前面的层几乎收不到任何东西，五轮里损失一动不动。
# 多训练几轮呢？要碰运气：`Adam` 给每个参数单独的学习率，会把小梯度放大；我们用这个种子训练，十几轮后损失降下来了，换一个种子，四十轮也没有动。
# %% [markdown] lang="en" tags=["answer"]
# Less than a millionth: the 0.16 of layer 1 is multiplied 19 times more, $0.36^{19} \approx 4 \cdot 10^{-9}$, so it is below $10^{-9}$.
# To the last layer all pictures look alike, and the network can only guess by how common a class is: the loss stays at $\ln 10 \approx 2.30$.
# On their way back gradients are multiplied by similar factors, so the early layers receive next to nothing, and in five epochs the loss doesn't move.
# Would more epochs help? That is luck: `Adam` has a step size for each parameter and enlarges small gradients; with this seed we saw the loss come down after ten to fifteen epochs, with another seed not in forty.
# %%
def deep_network(normalised: bool, depth: int = 20, width: int = 16) -> nn.Module:
    """Convolutions with a ReLU after each, with or without a batch norm between the two."""
    layers: list[nn.Module] = []
    for i in range(depth):
        layers.append(nn.Conv2d(width if i else 1, width, 3, padding=1, bias=False))
        if normalised:
            layers.append(nn.BatchNorm2d(width))  # PyTorch's; soon it will be yours
        layers.append(ReLU())
    return Sequential(*layers, Flatten(), Linear(64 * width, 10))


def spreads(model: nn.Module, x: Float[Tensor, "batch 1 8 8"]) -> list[float]:
    """The standard deviation of what leaves each ReLU."""
    found = []
    with torch.no_grad():
        for module in model.children():  # its direct submodules, in order
            x = module(x)
            if isinstance(module, ReLU):
                found.append(x.std().item())
    return found


if __name__ == "__main__":
    torch.manual_seed(0)
    images, _ = get_digits(train=True)[:64]
    plain, normalised = spreads(deep_network(False), images), spreads(deep_network(True), images)
    print(f"spread after layers 1, 2, 20: {plain[0]:.2f}, {plain[1]:.3f}, {plain[-1]:.0e}")
    figures.spreads(plain, normalised).show()
    for norm in (False, True):
        args = TrainArgs(lambda norm=norm: deep_network(norm), epochs=5)  # `norm=norm`: this turn's value
        _, losses, accuracies = train_with_validation(args)
        print(f"batch norm {norm!s:5}: last loss {losses[-1]:.2f}, accuracy {[f'{a:.0%}' for a in accuracies]}")


# %% [markdown] lang="zh"
# 两份代码只差一行：没有它，损失停在 2.30，准确率等于瞎猜；有了它，五轮就到九成以上。
# 那一行就是批归一化（书里也叫批量规范化、批标准化）：每过一层，就把数的标准差拉回来。
# 发明它的人解释说，它让每层的输入分布不再漂移；这个解释后来有争议。
# 能确定、你也能亲手验证的是：信号的大小不再随层数缩小，梯度也不再消失，于是二十层也能训练，学习率也可以更大。（梯度往回走时反而会变大；层数再多就成了问题，见第 3 节。）
#
# 还有一个数让人奇怪：有批归一化的网络，第一轮之后的准确率也只有一成左右，损失却已经在降。
# 记住这个谜：下面“谜底”一节用数字解开它。
#
# **读物**：Shibani Santurkar 等，*How Does Batch Normalization Help Optimization?*（英文，2018）检验了上面那个有争议的解释。读时想：他们用哪个实验说明“漂移”不是关键？
# %% [markdown] lang="en"
# The two differ by one line: without it the loss stays at 2.30 and the accuracy is that of guessing; with it more than nine in ten are right after five epochs.
# That line is **batch normalisation**: after each layer it pulls the spread of the numbers back.
# Its inventors explained that the distribution of each layer's inputs no longer drifts; this explanation is disputed by now.
# What is certain, and you can check it yourself: signals no longer shrink with the number of layers and gradients no longer vanish, so twenty layers train, and larger learning rates are possible. (On their way back gradients even grow, which matters with still more layers: see section 3.)
#
# One number should puzzle you: after the first epoch the network with batch norm, too, gets only about one in ten right, although its loss is falling.
# Remember this riddle: numbers solve it below, under "The riddle solved".
#
# **Reading**: Shibani Santurkar and others, *How Does Batch Normalization Help Optimization?* (in English, 2018) puts the disputed explanation to the test. While you read: by which experiment do they show that drift isn't the point?
# %% [markdown] lang="zh" numbers="-1.0 1.0"
# ### 手算一遍
#
# 一批两张图，每张两个通道，每个通道只有两个像素；形状是 `2 2 1 2`。
#
# | 通道 | 第 1 张图 | 第 2 张图 | 均值 | 方差 | 归一化之后 |
# |---|---|---|---|---|---|
# | 0 | 1, 5 | 1, 5 | 3 | 4 | -1.0, 1.0, -1.0, 1.0 |
# | 1 | 10, 10 | 14, 14 | 12 | 4 | -1.0, -1.0, 1.0, 1.0 |
#
# 通道 0 的四个数是 1、5、1、5：均值是 3，离差是 −2、2、−2、2，平方的平均是 4，除以 $\sqrt{4} = 2$，就得到 ±1。
# 看清楚*谁和谁*一起平均：同一个通道里的所有图、所有位置，这里是 2·1·2 = 4 个数；通道之间互不相干。
# 为什么连高和宽也一起平均？卷积在每个位置用同一个核，所以一个通道里所有位置的数是*同一个特征*（这里指这个核要找的图案）的响应，应当用同一把尺子。
# 再数一个：形状是 `16 64 8 8` 时有 64 个均值，每个取遍 16·8·8 = 1024 个数。
# 通道 1 原来比通道 0 大得多，归一化之后看不出来了：留下的只是“在本通道里偏高还是偏低”。
# %% [markdown] lang="en" numbers="-1.0 1.0"
# ### Once by hand
#
# A batch of two images, with two channels each, and only two pixels in a channel; its shape is `2 2 1 2`.
#
# | channel | image 1 | image 2 | mean | variance | normalised |
# |---|---|---|---|---|---|
# | 0 | 1, 5 | 1, 5 | 3 | 4 | -1.0, 1.0, -1.0, 1.0 |
# | 1 | 10, 10 | 14, 14 | 12 | 4 | -1.0, -1.0, 1.0, 1.0 |
#
# The four numbers of channel 0 are 1, 5, 1, 5: the mean is 3, the deviations are −2, 2, −2, 2, the mean of their squares is 4, and division by $\sqrt{4} = 2$ leaves ±1.
# Look closely at *which numbers are averaged together*: all images and all places of one channel, here 2·1·2 = 4 numbers; channels have nothing to do with each other.
# Why height and width, too? A convolution uses the same kernel at every place, so all the numbers of a channel are responses of *the same feature* (here: the pattern that this kernel looks for), and should be measured by the same scale.
# Another count: with the shape `16 64 8 8` there are 64 means, each over 16·8·8 = 1024 numbers.
# Channel 1 was far larger than channel 0, and now nobody can tell: what is left is whether a number is high or low for its channel.
# %%
if __name__ == "__main__":
    x = torch.tensor([[[[1.0, 5]], [[10, 10]]], [[[1, 5]], [[14, 14]]]])
    mean = x.mean(dim=(0, 2, 3), keepdim=True)  # over batch, height and width: one number per channel
    deviation = x - mean  # every channel now has mean 0
    variance = deviation.square().mean(dim=(0, 2, 3), keepdim=True)
    normalised = deviation / (variance + 1e-5).sqrt()  # and spread 1; 1e-5 saves a channel that is constant
    for channel in range(2):
        print(f"channel {channel}:", [round(v, 2) for v in normalised[:, channel].flatten().tolist()])
    norm = nn.BatchNorm2d(2)
    norm(x)
    assert norm.running_mean is not None and norm.running_var is not None
    # it has kept an account of the batch: more two cells below
    print(f"account of channel 0: mean {norm.running_mean[0]:.2f}, variance {norm.running_var[0]:.2f}")


# %% [markdown] lang="zh"
# ### 自由，还给网络
#
# 标准差恰好是 1 不一定最好，所以每个通道再有两个可训练的数：乘 `weight`，加 `bias`，开始时是 1 和 0；64 个通道就是 128 个参数。
# 比如 `weight` 是 3、`bias` 是 0.5，通道 0 的 ±1 就变成 −2.5 和 3.5。
# 那不是白归一化了吗？不是：大小现在由两个专门的数决定，不再由前面所有层的权重一起碰运气。
# %% [markdown] lang="en"
# ### Freedom given back
#
# A spread of exactly 1 need not be best, so each channel has two more numbers, which are trained: times `weight`, plus `bias`, at first 1 and 0; with 64 channels that is 128 parameters.
# With a `weight` of 3 and a `bias` of 0.5, for example, the ±1 of channel 0 become −2.5 and 3.5.
# Was the normalisation for nothing, then? No: the size is now set by two numbers made for it, and no longer left to chance among the weights of all layers before.
# %% [markdown] lang="zh" numbers="0.30 1.43"
# ### 运行统计量：推理时没有“一批”
#
# 用的时候也许只来一张图，而且它的答案不该取决于同批碰巧有哪些图。
# 所以训练时顺手记一份账，叫运行统计量（running statistics）：每来一批，就把旧账乘 $1 - m$，加上新批的 $m$ 倍，$m$ 就是 `momentum`，通常是 0.1。
# `momentum` 是*新*批的份额：这与第 4 天优化器里的动量正好相反，很多人在这里弄错。
# 为什么不取所有批的简单平均？那样要数着批数，第 $k$ 批的份额是 $1/k$；可是最早的几批是用还没学好的权重算的，它们的份额却始终与最新的批一样大。
#
# 账从均值 0、方差 1 开始。
# 上面那一批之后，通道 0 的均值是 $0.9 \cdot 0 + 0.1 \cdot 3$ = 0.30：离 3 还远着呢，要二十多批才走完九成。
# 方差有两种算法。
# 归一化要的是这一批本身的方差，所以除以 $n$。
# 账上要估计的是所有图的方差，这一批只是其中的一个样本；除以 $n$，平均来说会偏小，所以除以 $n - 1$。
# 这里 $n = 4$，记下的方差是 $4 \cdot 4 / 3 \approx 5.33$，账上是 $0.9 \cdot 1 + 0.1 \cdot 5.33$，即 1.43。
#
# 批越小，当批的统计量越靠不住：$n$ 个独立的数，均值的误差约是它们标准差的 $1/\sqrt{n}$，256 个数是 $1/16$，4 个数就有一半。
# 卷积的图有许多位置，一张图就有许多个数，但同一张图里的数彼此相像，抵不上同样多张图。所以每批只有一两张图时，一张图的结果随邻居跳来跳去，学起来很不稳；这种时候多用层归一化那样的办法，它只看样本自己，批有多小都一样。
# 批大一些，跳动就小，反倒有点好处：每一轮的邻居不同，同一张图的数也总差一点，网络就难以死记；这有点像随机失活，到 `eval` 模式也同样消失。
# %% [markdown] lang="en" numbers="0.30 1.43"
# ### Running statistics: at inference there is no batch
#
# When a model is used, a single image may come, and its result shouldn't depend on which others happen to be in its batch.
# So in training an account is kept, the **running statistics**: with each batch the old account is multiplied by $1 - m$, and $m$ times the new is added; $m$ is `momentum`, usually 0.1.
# `momentum` is the share of the *new* batch: just the opposite of an optimiser's momentum on day 4, and many get it wrong here.
# Why not a plain mean of all batches? It would have to count them, for batch $k$ gets the share $1/k$; but the first batches were computed with weights that had learned little, and they would always count as much as the newest.
#
# The account starts with mean 0 and variance 1.
# After the batch above, channel 0 has the mean $0.9 \cdot 0 + 0.1 \cdot 3$ = 0.30: still far from 3, and it takes more than twenty batches to come nine tenths of the way.
# There are two ways to compute a variance.
# To normalise you want the variance of this very batch, so divide by $n$.
# The account should estimate the variance of all images, and the batch is only a sample of them; divided by $n$ the estimate would on average be too small, so divide by $n - 1$.
# Here $n = 4$, so $4 \cdot 4 / 3 \approx 5.33$ is recorded, and the account says $0.9 \cdot 1 + 0.1 \cdot 5.33$, that is 1.43.
#
# The smaller the batch, the less its own statistics can be trusted: the mean of $n$ independent numbers is off by about $1/\sqrt{n}$ of their standard deviation, $1/16$ for 256 numbers, but one half for 4.
# A convolution's pictures have many places, and so many numbers; but those of one picture are alike, and worth less than as many from different pictures. So with only one or two pictures in a batch, a picture's result jumps about with its neighbours, and learning is unstable; then people prefer a norm like layer norm, which looks at the sample alone and doesn't care how small the batch is.
# In larger batches the jumps are small, and do some good: a picture has other neighbours in each epoch, so its numbers are never quite the same, and it is harder to learn by heart; it is a little like dropout, and is gone in `eval` mode, too.
# %% [markdown] lang="zh" tags=["question"] see="BatchNorm2d"
# 先预测，再运行下一格：同一张图 `[1, 5]`，一次与 `[1, 5]` 同批，一次与 `[101, 105]` 同批。
# `train` 模式下，它的两个输出一样吗？`eval` 模式下呢？
# 现在再想开头的谜：第一轮有 23 批，账已经走完九成，为什么损失在降，准确率却像瞎猜？
# %% [markdown] lang="en" tags=["question"] see="BatchNorm2d"
# Predict, then run the next cell: the same image `[1, 5]` comes once in a batch with `[1, 5]`, once with `[101, 105]`.
# Is its output the same both times in `train` mode? And in `eval` mode?
# Now for the riddle: the first epoch has 23 batches, and the account has come nine tenths of the way; why does the loss fall while the accuracy looks like guessing?
# %% [markdown] lang="zh" tags=["answer"]
# `train` 模式不一样：第一次是 −1 和 1，第二次大约是 −1.04 和 −0.96，因为均值被邻居抬到了 53。
# `eval` 模式一样，只看账本，不看邻居。
# 谜底：损失是在 `train` 模式下用当批的统计量算的，准确率是在 `eval` 模式下用账本算的；23 批之后账上的方差还偏大，每层都除得太多，过 20 层就差得离谱。
# 再下一格用数字说明。
# %% [markdown] lang="en" tags=["answer"]
# In `train` mode no: the first time it is −1 and 1, the second about −1.04 and −0.96, since the neighbour lifts the mean to 53.
# In `eval` mode yes: it looks at the account, not at neighbours.
# The riddle: the loss is computed in `train` mode with the batch's own statistics, the accuracy in `eval` mode with the account; after 23 batches the variances in the account are still too large, each layer divides by too much, and over 20 layers the result is far off.
# The cell after next shows it in numbers.
# %%
if __name__ == "__main__":
    norm, image = nn.BatchNorm2d(1), torch.tensor([1.0, 5]).reshape(1, 1, 1, 2)
    for mode in (True, False):
        norm.train(mode)
        for neighbour in (image, image + 100):
            # `torch.cat` joins the two along the first axis: a batch of two images
            out = norm(torch.cat([image, neighbour]))[0].flatten().tolist()
            print(
                "train" if mode else "eval ", "beside", neighbour.flatten().tolist(), "->", [round(v, 2) for v in out]
            )


# %% [markdown] lang="zh" numbers="0.09"
# ### 谜底：账上还剩着开头的 1
#
# 23 批之后，开头的方差 1 在账上还占 $0.9^{23}$ = 0.09。
# 听起来很少；可这个网络里真正的方差只有 0.2 左右，第 1 层还要小得多，所以账上的方差大多比真正的大两到四成，第 1 层的大一倍以上。
# `eval` 模式下每层都除得太多，深处的信号只剩 `train` 模式下的三分之一左右。
# 减去的均值却是训练时记下的，那时信号有三倍大；信号缩小了，这个均值就太大。
# 图与图之间的差别被它淹没，到了最后，几乎所有的图都落进一两个类。
#
# 下一格动手验证，权重一个也不改：从账里扣掉开头的 1，就从一成回到一半以上；再让账单独走 88 批，就与 `train` 模式一样，七八成。
# 剩下的那一点差距，是因为旧账记的是训练途中别的权重。
# 所以这个网络学得不慢，只是账没有跟上；遇到“`train` 模式好、`eval` 模式糟”，先查账本。
#
# 最后一行把留出的图按类分批，仍在 `train` 模式：准确率从七八成跌到五成左右。
# 一批全是 3，3 与别的数字不同的地方也进了均值，一减就没了不少。
# 训练时也一样：加载器不打乱、一批只有一类，网络学的就是减去本类均值的图，`eval` 时用的账本却是各类的混合，两者不是同一个函数；何况每一步都只朝一个类走，这一点没有批归一化也是坏的。所以要 `shuffle=True`。
# %% [markdown] lang="en" numbers="0.09"
# ### The riddle solved: the first 1 is still in the account
#
# After 23 batches the initial variance of 1 still makes up $0.9^{23}$ = 0.09 of the account.
# That sounds little; but the true variances in this network are about 0.2, and far smaller in layer 1, so the account is mostly 20 to 40 per cent too large (in layer 1 more than twice as large as it should be).
# In `eval` mode each layer divides by too much, and deep inside the signal is only about a third of what it is in `train` mode.
# But the means that are subtracted were recorded when the signal was three times as large, and are too large for the shrunken one.
# The differences between pictures drown in them, and in the end nearly all pictures fall into one or two classes.
#
# The next cell checks it, and changes no weight: take the initial 1 out of the account, and one in ten becomes more than half; let the account alone go on for 88 batches, and it is as good as in `train` mode, seven or eight in ten.
# The remaining gap comes from older entries, recorded during training with other weights.
# So the network learned well and only its account lagged behind; where `train` mode is good and `eval` mode bad, look at the account first.
#
# The last line puts the held-out pictures into batches of one class each, still in `train` mode: from seven or eight in ten the accuracy falls to about five.
# In a batch of nothing but 3s, what makes a 3 differ from other digits is in the mean, too, and much of it is subtracted.
# In training it is the same: if the loader doesn't shuffle and a batch holds one class, the network learns from pictures without their class's own mean, but the account that `eval` uses is a mixture of all classes, and that is another function; besides, each step goes towards a single class, which is bad without batch norm, too. So `shuffle=True`.
# %%
def norms(model: nn.Module) -> list[nn.BatchNorm2d]:
    """Its batch norms, from first to last."""
    return [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]  # all, at any depth


if __name__ == "__main__":
    late, _, _ = train_with_validation(TrainArgs(lambda: deep_network(True), epochs=1))
    held_out, digits = get_digits(train=False), get_digits(train=True)[:][0]
    print(f"share of the first 1: {0.9**23:.2f}; accuracy by the account: {accuracy(late, held_out):.0%}")
    booked = [norm.running_var.clone() for norm in norms(late) if norm.running_var is not None]
    for norm in norms(late):
        assert norm.running_mean is not None and norm.running_var is not None
        norm.running_mean /= 1 - 0.9**23  # the opening mean was 0
        norm.running_var.sub_(0.9**23).div_(1 - 0.9**23)  # in place: subtract, then divide
    print(f"without the first 1: {accuracy(late, held_out):.0%}")
    late.train()
    with torch.no_grad():  # no step, no change of weights: only the account moves
        for batch in 4 * list(digits[: 22 * 64].split(64)):  # 22 batches of 64, four times over
            late(batch)
    for i in (0, 1, 9):
        print(
            f"variance, layer {i + 1}: booked {booked[i].mean():.2f}, now {norms(late)[i].state_dict()['running_var'].mean():.2f}"
        )
    print(f"88 batches later: {accuracy(late, held_out):.0%}", end="; ")
    images, labels = held_out[:]
    print(f"in train mode: {(late.train()(images).argmax(dim=1) == labels).float().mean():.0%}", end="; ")
    shares = [(late(images[labels == k]).argmax(dim=1) == k).float().mean() for k in range(10)]
    print(f"in train mode, one class at a time: {sum(shares) / 10:.0%}")


# %% [markdown] lang="zh"
# ### 练习 · 批归一化 · 40 分钟
#
# 现在写你自己的。
# 参数和账本已经造好：账本要存盘、要跟着 `to(device)` 走，却没有梯度，所以是 `register_buffer`，不是 `nn.Parameter`；`num_batches_tracked` 数训练过几批，它的注解 `Int[Tensor, ""]` 说的是没有轴的张量，即单独一个整数。
#
# - `batch_statistics(x)` 返回这一批每个通道的均值和方差（除以 $n$），并且记账：均值、方差（除以 $n - 1$）、批数加一。上面那一批返回 `[3, 12]` 和 `[4, 4]`，账上是 `[0.3, 1.2]` 和 `[1.43, 1.43]`。它只在 `train` 模式下被调用；账本就地改、换成新张量都行。
# - `forward` 在 `train` 模式下用它的结果，在 `eval` 模式下只读账本、不记账；减均值，除以 $\sqrt{\text{var} + \epsilon}$，乘 `weight` 加 `bias`。
# - 均值和方差*要*传梯度；账本*不*进计算图。
# - 训练时每个通道不足两个数，就没有方差可言：`forward` 要报 `ValueError`（由它自己或 `batch_statistics` 报都行，报错以后账上是什么不评判）；`eval` 模式下一个数也行。
# - 与 `LayerNorm` 一样，均值是 1000 时也要准，输出最多差 0.003；合并成 `x * scale + shift` 也可以。不调用 `F.batch_norm`。
# %% [markdown] lang="en"
# ### Exercise · batch normalisation · 40 min
#
# Now write your own.
# Parameters and account are made for you: the account is saved and moves along with `to(device)` but has no gradient, so it is a `register_buffer`, not an `nn.Parameter`; `num_batches_tracked` counts the batches trained on; its annotation `Int[Tensor, ""]` means a tensor without axes, a single integer.
#
# - `batch_statistics(x)` returns the batch's mean and variance (over $n$) of each channel, and keeps the account: mean, variance (over $n - 1$), one batch more. For the batch above it returns `[3, 12]` and `[4, 4]`, and the account says `[0.3, 1.2]` and `[1.43, 1.43]`. It is called in `train` mode only; change the account in place or put in new tensors, as you like.
# - `forward` uses its results in `train` mode; in `eval` mode it only reads the account and writes nothing; subtract the mean, divide by $\sqrt{\text{var} + \epsilon}$, multiply by `weight`, add `bias`.
# - Mean and variance *do* pass gradients; the account stays *outside* the graph.
# - In training, fewer than two numbers per channel have no variance: `forward` raises `ValueError` (itself or by `batch_statistics`; what the account says afterwards isn't judged); in `eval` mode one number is fine.
# - As with `LayerNorm`, a mean of 1000 must not spoil the output: it is off by 0.003 at most; you may fold it all into `x * scale + shift`. Don't call `F.batch_norm`.
# %% exercise="BatchNorm2d" difficulty=4 importance=5 minutes=40
class BatchNorm2d(nn.Module):
    """`torch.nn.BatchNorm2d(num_features, eps, momentum)`; training on fewer than two values per channel: ValueError."""

    running_mean: Float[Tensor, " c"]
    running_var: Float[Tensor, " c"]
    num_batches_tracked: Int[Tensor, ""]

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
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
# 每个通道的统计量取遍哪几个轴？与手算那一格相同。
# %% [markdown] lang="en" tags=["hint"]
# Over which axes do a channel's statistics run? The same as in the cell by hand.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.var_mean(x, dim=…, correction=0)` 一次给出两样，方差在前；由 $n$ 的方差得到 $n - 1$ 的，要乘一个分数。
# %% [markdown] lang="en" tags=["hint"]
# `torch.var_mean(x, dim=…, correction=0)` gives both at once, the variance first; from the variance over $n$ to the one over $n - 1$ it takes a factor.
# %% [markdown] lang="zh" tags=["hint"]
# 记账在 `torch.no_grad()` 里就地进行（查一查 `lerp_`）；`forward` 先按 `self.training` 选一份统计量，通道的数要变成 `c 1 1` 才能与 `batch c h w` 相配。
# %% [markdown] lang="en" tags=["hint"]
# Update the account in place, under `torch.no_grad()` (look up `lerp_`); `forward` chooses the statistics by `self.training` first, and a channel's numbers must become `c 1 1` to fit `batch c h w`.
# %% [markdown] lang="zh" tags=["question"] see="BatchNorm2d"
# 把批归一化前面那个卷积的权重全部乘以 7，批归一化的输出怎样变？给卷积加一个偏置呢？由此说明为什么你的网络里的卷积都没有偏置。
# %% [markdown] lang="en" tags=["question"] see="BatchNorm2d"
# Multiply all weights of the convolution before a batch norm by 7: how does the norm's output change? And if the convolution gets a bias? Use this to explain why the convolutions of your networks have none.
# %% [markdown] lang="zh" tags=["answer"]
# 两次都不变（除了 $\epsilon$ 的一点影响），运行下一格就能看到：乘 7，均值和标准差也乘 7，一除就约掉；加偏置，均值也加这么多，一减就没了。
# 所以前面的偏置学什么都没有用，`bias` 已经由批归一化自己带着；对输出来说，每个核的权重是大是小也不再要紧，要紧的只是方向。
# %% [markdown] lang="en" tags=["answer"]
# Neither changes it (apart from a little by $\epsilon$), as the next cell shows: times 7, mean and standard deviation are 7 times as large, too, and the 7 cancels; with a bias, the mean grows by as much, and the subtraction takes it away.
# So whatever that bias learned would be lost, and batch norm brings its own `bias`; nor does the size of a kernel's weights matter to the output any more, only their direction.
# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    x, norm = torch.randn(8, 3, 6, 6), nn.BatchNorm2d(3)
    for name, changed in (("times 7", 7 * x), ("plus 7", x + 7)):
        print(f"{name}: the output changes by at most {(norm(changed) - norm(x)).abs().max():.5f}")


# %% [markdown] lang="zh" tags=["question"] see="BatchNorm2d"
# `LayerNorm` 为什么不需要运行统计量，也没有 `train` 与 `eval` 之分？
# %% [markdown] lang="en" tags=["question"] see="BatchNorm2d"
# Why does `LayerNorm` need no running statistics, and no difference between `train` and `eval`?
# %% [markdown] lang="zh" tags=["answer"]
# 它在一个样本自己的特征上取平均，不看同批的其他样本：只来一个样本，也能照算，结果也不取决于邻居。
# 批归一化在样本之间取平均，才有“推理时跟谁平均”的问题。
# %% [markdown] lang="en" tags=["answer"]
# It averages over the features of one sample and looks at no other: a single sample will do, and no neighbour matters.
# Batch norm averages across samples, and so must ask what to average with at inference.
# %% [markdown] lang="zh"
# ### 练习 · 平均池化 · 5 分钟
#
# 卷积部分的结尾要把 `batch c h w` 变成每张图一行数，交给线性层。
# 展平的话，图换个大小就不行了；平均池化只留每个通道在全图上的平均，多大的图都行，也不问“在哪里”。
# 例如一个通道 `[[1, 3], [5, 7]]` 变成 4；`2 3 4 5` 变成 `2 3`，高和宽两个轴消失了。
# %% [markdown] lang="en"
# ### Exercise · average pooling · 5 min
#
# At the end of its convolutions a network has to turn `batch c h w` into one row of numbers per picture, for a linear layer.
# Flattened, another size of picture would no longer fit; average pooling keeps each channel's mean over the picture, whatever its size, and doesn't ask "where".
# A channel `[[1, 3], [5, 7]]`, for example, becomes 4; `2 3 4 5` becomes `2 3`, and the axes of height and width are gone.
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
# **前两节小结。** 卷积：同一个小核走遍全图，权重少，挪动之后响应跟着挪；大小由公式算。
# 池化概括一小片；批归一化让每个通道的标准差与层数无关，代价是训练与推理不同。
# %% [markdown] lang="en"
# **Sections 1 and 2 in short.** Convolution: one small kernel walks over the picture, with few weights, and responses move with the picture; sizes come from the formula.
# Pooling sums up a small patch; batch norm keeps each channel's spread the same at any depth, at the price that training and inference differ.
# %% [markdown] lang="zh"
# ## 3 · 残差网络
# ### 更深，反而更差
#
# 有了批归一化，信号能走到第 40 层了。
# 那么越深越好吗？按理说，深的至少不该更差：多出来的层只要什么都不做，原样传过去，深网络就等于浅网络。
# 下面三个网络只差深度和一处加法，都有批归一化，训练四轮：8 层、40 层、40 层加捷径（每两层卷积的输出再加上它们的输入）。
# %% [markdown] lang="en"
# ## 3 · Residual networks
# ### Deeper, and worse
#
# With batch norm a signal reaches layer 40.
# So, the deeper the better? At least deeper shouldn't be worse: if the additional layers do nothing and pass on what they get, the deep network equals the shallow one.
# The three networks below differ only in depth and in one addition, all have batch norm, and train for four epochs: 8 layers, 40 layers, and 40 layers with shortcuts (to the output of every two convolutions their input is added).
# %% [markdown] lang="zh" tags=["question"] see="ResidualBlock"
# 先预测，再运行下一格：40 层的*训练*损失比 8 层的低，还是高？
# 如果高，那是过拟合吗？
# %% [markdown] lang="en" tags=["question"] see="ResidualBlock"
# Predict, then run the next cell: is the *training* loss of 40 layers lower or higher than that of 8?
# If it is higher, is that overfitting?
# %% [markdown] lang="zh" tags=["answer"]
# 高得多。
# 不是过拟合：过拟合是训练损失低、留出集上的损失高；这里连训练损失都降不下去。
# 也不是梯度消失：每个卷积后面都有批归一化，信号不缩小，梯度往回走反而变大。我们量过：训练开始时，40 层里第一层的输出收到的梯度，是最后一层的几千倍；8 层只有十几倍。
# 前面的层稍动一点，损失就大变，步子很难走准，这多半是一个原因。另一个是：“什么都不做”对一摞卷积来说并不容易学，下一格之后用数字说明。
# %% [markdown] lang="en" tags=["answer"]
# Much higher.
# It isn't overfitting: there the training loss is low and the held-out loss high; here not even the training loss comes down.
# Nor do gradients vanish: with a batch norm after each convolution signals don't shrink, and on their way back gradients even grow. We measured it: as training starts, the output of the first of the 40 layers gets a gradient thousands of times that of the last; with 8 layers it is less than 20 times.
# A small change in an early layer then changes the loss a lot, and good steps are hard to find: probably one reason. Another is that "do nothing" isn't easy to learn for a stack of convolutions, as numbers show after the next cell.
# %%
class TwoConvolutions(nn.Module):
    """Two 3x3 convolutions with batch norm, with or without a shortcut around them."""

    def __init__(self, width: int, shortcut: bool) -> None:
        super().__init__()
        self.shortcut = shortcut
        first, second = (nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2))
        self.left = nn.Sequential(first, nn.BatchNorm2d(width), nn.ReLU(), second, nn.BatchNorm2d(width))

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c h w"]:
        left = self.left(x)
        return (left + x if self.shortcut else left).clamp(min=0)  # ReLU


def stack(layers: int, shortcut: bool, width: int = 8) -> nn.Module:
    """That many convolutions in pairs, between a first one and a classifier."""
    blocks = [TwoConvolutions(width, shortcut) for _ in range(layers // 2)]
    first, last = nn.Conv2d(1, width, 3, padding=1), nn.Linear(width, 10)  # no norm follows: it keeps its bias
    average = nn.AdaptiveAvgPool2d(1)  # the mean of each channel, as 1x1; PyTorch's average pooling
    return nn.Sequential(first, nn.ReLU(), *blocks, average, nn.Flatten(), last)


if __name__ == "__main__":
    curves, trained = {}, {}
    for layers, shortcut in ((8, False), (40, False), (40, True)):
        args = TrainArgs(lambda layers=layers, shortcut=shortcut: stack(layers, shortcut), epochs=4)
        trained[layers, shortcut], losses, _ = train_with_validation(args)
        curves[layers, shortcut] = losses
        print(
            f"{layers:2} layers, shortcuts {shortcut!s:5}: training loss in the last epoch {sum(losses[-23:]) / 23:.1f}"
        )
    figures.deeper(curves).show()


# %% [markdown] lang="zh" numbers="36864 64 1.0"
# ### 学不会的恒等
#
# 40 层的*训练*损失也更高，所以这不是过拟合，而是没有学会：有一个至少同样好的解（多出来的层什么都不做），训练却没有找到它；我们练到三十轮，损失还是 0.5 对 0.03。
# 把输入原样传过去的函数叫恒等函数（identity function）。
# 一个 3×3 卷积（64 个通道）要成为它，它的 36864 个权重必须*恰好*是：每个核在自己那个通道的正中是 1，其余全是 0；也就是 64 个 1，别的都是 0。
# 从随机的初始权重走到那里，每个权重都要对。
#
# 捷径（shortcut）把问题换了：块不再输出 $F(x)$，而是 $F(x) + x$。（$F$ 是块里那两层卷积连同批归一化算的函数，与代码里的 `F` 无关。）
# 现在“什么都不做”只需 $F(x) = 0$。
# 卷积的权重小并不够：$F$ 以批归一化结尾，你已见过，权重的大小不要紧，$F(x)$ 的标准差开始时是 1.0。
# 只要最后那个批归一化的 `weight` 和 `bias` 都是 0 就够了：64 个乘数要从 1 走到 0，64 个偏置本来就是 0。
# 这时不管卷积里是什么，$F(x)$ 都恰好是 0。（最后的 ReLU 不碍事：送进来的 $x$ 已经过一个 ReLU，不会是负的。）
# 块要学的只是与输入的*差别*，即残差（residual）。
#
# 用数字看：$x = 2$，想要的输出是 2.1。
# 没有捷径，$F$ 要造出整个 2.1；有了捷径，只要 0.1。
# 为什么是相加，而不是用 `torch.cat` 把两份通道并排放？那样 64 个通道过一块成了 128 个，再过一块 256 个，后面的卷积越来越贵；下一层还得先学会把 $x$ 挑出来。相加则大小不变，$F(x) = 0$ 时就是 $x$。
# 反向也一样：$F(x) + x$ 对 $x$ 的斜率是 $F'(x) + 1$，那个 1 让梯度沿捷径传回底层，不必乘遍所有的权重（只有相加之后的 ReLU 输出 0 的地方，梯度到此为止）。还是量训练开始时的梯度：加上捷径，40 层从几千倍降到一两百倍。
#
# 可是一直往上加，数会不会越来越大？$F(x)$ 与 $x$ 不相关时，和的方差是两者方差之和。没有归一化，$F(x)$ 的大小随 $x$ 走：方差若与 $x$ 的一样大，每过一块就加倍，十块是 $2^{10} = 1024$ 倍。
# $F$ 以批归一化结尾，它的方差就由 `weight` 定，开始时是 1，与 $x$ 多大无关：方差从 1 开始，每过一块只*加* 1，十块之后约为 11，而不是 1024。（这里没算 ReLU。）
# %% [markdown] lang="en" numbers="36864 64 1.0"
# ### The identity that isn't learned
#
# The *training* loss of 40 layers is higher, too, so this isn't overfitting but a failure to learn: a solution at least as good exists (the additional layers do nothing), and training didn't find it; when we trained for thirty epochs, the losses were still 0.5 against 0.03.
# The **identity function** hands on its input as it is.
# For a 3×3 convolution of 64 channels to be that, its 36864 weights must be *exactly* so: in the middle of each kernel's own channel a 1, everywhere else 0; so 64 ones, and all the others are 0.
# From random initial weights, every single one has to get there.
#
# A **shortcut** changes the question: the block no longer puts out $F(x)$ but $F(x) + x$. ($F$ is the function of the block's two convolutions with their batch norms, and has nothing to do with `F` in the code.)
# To do nothing now takes $F(x) = 0$.
# Small weights in the convolutions aren't enough: $F$ ends in a batch norm, and as you saw, the size of the weights doesn't matter; at first $F(x)$ has a standard deviation of 1.0.
# It is enough that `weight` and `bias` of that last batch norm are 0: the 64 weights have to go from 1 to 0, the 64 biases are 0 from the start.
# Then $F(x)$ is exactly 0, whatever the convolutions hold. (The ReLU at the end does no harm: the $x$ that comes in has been through a ReLU and isn't negative.)
# What the block has to learn is only the difference to its input, the **residual**.
#
# In numbers: $x = 2$, and the output should be 2.1.
# Without the shortcut $F$ has to make all of 2.1; with it, only 0.1.
# Why add the two, and not put their channels side by side by `torch.cat`? Then 64 channels become 128 after one block and 256 after the next, each convolution is more expensive than the one before, and the next layer must first learn to pick $x$ out. A sum keeps the size, and where $F(x) = 0$ it is $x$ already.
# Backward, too: the slope of $F(x) + x$ with respect to $x$ is $F'(x) + 1$, and this 1 takes gradients back along the shortcut, without a product of all the weights (they stop only where the ReLU after the sum puts out 0). Measured again as training starts: with shortcuts the thousands of times in 40 layers become one or two hundred.
#
# But if each block adds something, don't the numbers grow and grow? Where $F(x)$ and $x$ are uncorrelated, the variance of the sum is the sum of both. Without a norm the size of $F(x)$ goes with that of $x$: where its variance is that of $x$, the sum doubles in each block, and ten blocks make $2^{10} = 1024$ times as much.
# As $F$ ends in a batch norm, its variance is set by `weight`, 1 at first, however large $x$ is: the sum begins at 1, each block only *adds* 1, and after ten it is about 11, not 1024. (The ReLU is left out here.)
# %%
if __name__ == "__main__":
    convolution, x = nn.Conv2d(64, 64, 3, padding=1, bias=False), torch.randn(1, 64, 8, 8)
    identity = torch.zeros(64, 64, 3, 3)
    identity[range(64), range(64), 1, 1] = 1  # the numbers go in pairs: kernel i, channel i, the middle
    print(f"weights: {identity.numel()}, of which {int(identity.sum())} must be 1")
    print("it hands on its input:", F.conv2d(x, identity, padding=1).equal(x))
    print(
        f"a random start is off by {(convolution(x) - x).abs().mean():.1f} on average, of numbers of size {x.abs().mean():.1f}"
    )
    block, x = TwoConvolutions(64, shortcut=True), x.clamp(min=0)
    print(f"standard deviation of F(x): {block.left(x).std():.1f}", end="; ")
    for layer in (block.left[0], block.left[3]):
        layer.weight.data /= 10  # type: ignore # (this is said to a type checker only)
    print(f"with convolutions ten times smaller: {block.left(x).std():.1f}", end="; ")
    block.left[4].weight.data.zero_()  # type: ignore # its bias is 0 from the start
    print("with the last norm's weight 0 the block hands on its input:", block(x).equal(x))
    figures.block().show()

# %% [markdown] lang="zh" tags=["question"] see="ResidualBlock"
# 先预测，再运行下一格：从训练好的网络里抽掉一块，让它的输入直接进下一块，别的都不动。
# 8 层没有捷径的网络还剩多少准确率？40 层有捷径的呢？
# %% [markdown] lang="en" tags=["question"] see="ResidualBlock"
# Predict, then run the next cell: take one block out of a trained network, so that its input goes straight to the next, and change nothing else.
# How much accuracy is left of 8 layers without shortcuts? And of 40 layers with them?
# %% [markdown] lang="zh" tags=["answer"]
# 没有捷径的，抽掉哪一块都跌到瞎猜上下：下一块等的是这一块造出来的东西，拿到的却是从没见过的一种。
# 有捷径的，抽掉最前面的几块也会跌许多，后面的大多只差几个百分点，有时还高一点：少的只是这一块加上去的差别，$x$ 照样送到。
# %% [markdown] lang="en" tags=["answer"]
# Without shortcuts it falls to about guessing, whichever block is gone: the next one expects what this one makes, and gets a kind of input that it has never seen.
# With shortcuts the first few cost much, too, but most of the later ones only a few percentage points, and without some it is even a little better: only the difference that this block added is missing, $x$ still arrives.
# %%
if __name__ == "__main__":
    for layers, shortcut in ((8, False), (40, True)):
        parts, left_out = list(trained[layers, shortcut].children()), []
        for i in range(2, 2 + layers // 2):  # the blocks come after the first convolution and its ReLU
            left_out.append(accuracy(nn.Sequential(*parts[:i], *parts[i + 1 :]), held_out))
        whole = accuracy(trained[layers, shortcut], held_out)
        print(
            f"{layers:2} layers, shortcuts {shortcut!s:5}: {whole:.0%}; without each block {[f'{a:.0%}' for a in left_out]}"
        )


# %% [markdown] lang="zh"
# ### 练习 · 残差块 · 25 分钟
#
# 照上面的示意图写（`feats` 是 features 的缩写：一个通道对应一种特征，所以指通道数），并按这个顺序登记（下面搬运权重时要用），先左支后右支；名字和容器不限：
# - 左支：3×3 卷积（步幅 `first_stride`，填充 1）、批归一化、ReLU、3×3 卷积（填充 1）、批归一化。
# - 右支是捷径。左支若改变了大小或通道数，两边就加不起来。所以：
#   - `first_stride` 不是 1，或 `in_feats` 不等于 `out_feats`：右支是 1×1 卷积（步幅 `first_stride`，不填充）加批归一化，只重新搭配通道，不看邻居。步幅是 2 时，它每四个位置只看一个；没看的也没有丢：左支的 3×3 窗口互相重叠，每个位置都看得到。
#   - 两者都不成立：右支就是输入本身，没有参数。
# - 两支*先相加，再过* ReLU。
#
# 例如 `ResidualBlock(3, 5, 2)` 把 `2 3 7 5` 变成 `2 5 4 3`。
# 用你自己的 `Conv2d`、`BatchNorm2d`。
# %% [markdown] lang="en"
# ### Exercise · the residual block · 25 min
#
# Write it as in the figure (`feats` is short for features: a channel for each, so it is the number of channels), and register in this order (you need it when weights are copied), the left branch before the right; names and containers are free:
# - Left: 3×3 convolution (stride `first_stride`, padding 1), batch norm, ReLU, 3×3 convolution (padding 1), batch norm.
# - Right is the shortcut. If the left branch changes the size or the number of channels, the two can't be added. So:
#   - `first_stride` isn't 1, or `in_feats` differs from `out_feats`: the right branch is a 1×1 convolution (stride `first_stride`, no padding) and a batch norm; it only mixes channels anew, and sees no neighbours. With stride 2 it looks at one place in four; the others aren't lost, since the 3×3 windows of the left branch overlap and see every place.
#   - Neither is so: the right branch is the input itself, without parameters.
# - *First* add both, *then* ReLU.
#
# `ResidualBlock(3, 5, 2)`, for example, turns `2 3 7 5` into `2 5 4 3`.
# Use your own `Conv2d` and `BatchNorm2d`.
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
# 在哪两种情况下，左支的输出与输入形状不同？两种都要考虑。
# %% [markdown] lang="en" tags=["hint"]
# In which two cases has the left branch's output another shape than the input? Consider both.
# %% [markdown] lang="zh" tags=["hint"]
# `nn.Identity()` 是一个什么也不做、没有参数的模块；左支用 `Sequential` 最省事。
# %% [markdown] lang="en" tags=["hint"]
# `nn.Identity()` is a module that does nothing and has no parameters; a `Sequential` is the easiest way to write the left branch.
# %% [markdown] lang="zh" tags=["hint"]
# `__init__`：`self.left`，然后 `self.right`（两种之一），最后 `self.relu`；`forward` 一行。
# %% [markdown] lang="en" tags=["hint"]
# `__init__`: `self.left`, then `self.right` (one of two), last `self.relu`; `forward` is one line.
# %% [markdown] lang="zh" tags=["question"] see="ResidualBlock"
# 为什么 ReLU 放在相加之后，而不是放在左支末尾？
# 先预测，再运行下一格：16 块一个接一个，在最后一块里变小的数，两种放法各占几成？
# %% [markdown] lang="en" tags=["question"] see="ResidualBlock"
# Why does the ReLU stand after the addition, and not at the end of the left branch?
# Predict, then run the next cell: of 16 blocks in a row, what share of the numbers becomes smaller in the last one, either way?
# %% [markdown] lang="zh" tags=["answer"]
# 放在左支末尾，$F(x)$ 永远不小于 0：块只能往上加，不能往下减，一块接一块，数只会越来越大。
# 放在相加之后，差别可正可负。
# %% [markdown] lang="en" tags=["answer"]
# At the end of the left branch, $F(x)$ would never be negative: a block could add and never take away, and block after block the numbers would grow.
# After the addition the difference may have either sign.
# %%
if __name__ == "__main__":
    for inside in (True, False):
        torch.manual_seed(0)
        x, fell = torch.randn(8, 16, 8, 8).clamp(min=0), torch.tensor(0.0)
        for _ in range(16):
            with torch.no_grad():
                left = TwoConvolutions(16, shortcut=True).left(x)
                after = x + left.clamp(min=0) if inside else (x + left).clamp(min=0)
            x, fell = after, (after < x).float().mean()
        place = "at the end of the left branch" if inside else "after the addition"
        print(f"ReLU {place}: {fell:.0%} of the numbers fell in block 16; their mean is {x.mean():.1f}")


# %% [markdown] lang="zh" numbers="0% 43%"
# ReLU 放在左支末尾，$F(x)$ 不会小于 0：块只能往上加，变小的数占 0%，数一块比一块大。
# 相加之后再过 ReLU，差别可正可负，变小的占 43%：块也能减掉前面给多了的东西。
# %% [markdown] lang="en" numbers="0% 43%"
# With a ReLU at the end of the left branch, $F(x)$ is never negative: a block can only add, 0% of the numbers fall, and they grow from block to block.
# With the ReLU after the addition the difference has either sign, and 43% fall: a block can also take away what earlier blocks added too much.
# %% [markdown] lang="zh"
# ### 练习 · 一组块 · 10 分钟
#
# ResNet 由几组（group）块组成；一组里大小和通道数不变，换组时才变：大小减半，通道加倍。
# 为什么这样搭配？位置只剩四分之一，3×3 卷积的权重（进出都加倍）是四倍，所以每层的计算量不变，而要存的数减半；深处少记一点“在哪里”，多分一些“是什么”。
# `n_blocks` 个残差块（residual block）一个接一个；只有*第一块*从 `in_feats` 变到 `out_feats`、带步幅 `first_stride`。
# 按顺序登记；`n_blocks` 至少是 1。
# 例如 `BlockGroup(3, 64, 128, 2)` 把 `1 64 56 56` 变成 `1 128 28 28`，三块里只有第一块带 1×1 卷积。
# %% [markdown] lang="en"
# ### Exercise · a group of blocks · 10 min
#
# A ResNet consists of groups of blocks; within a group size and channels stay, and from group to group they change: half the size, twice the channels.
# Why together? A quarter of the places is left, and a 3×3 convolution has four times the weights (twice as many channels in and out): the work per layer stays the same, and half as many numbers are to be stored. Deeper layers keep less of "where" and tell apart more kinds of "what".
# `n_blocks` **residual blocks** stand in a row; only the *first* goes from `in_feats` to `out_feats` and has the stride `first_stride`.
# Register them in that order; `n_blocks` is at least 1.
# `BlockGroup(3, 64, 128, 2)`, for example, turns `1 64 56 56` into `1 128 28 28`, and only the first of the three has a 1×1 convolution.
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
# 第一块以外的每一块，进出各是几个通道？步幅呢？
# %% [markdown] lang="en" tags=["hint"]
# How many channels go into and come out of each block but the first? And the stride?
# %% [markdown] lang="zh" tags=["hint"]
# 每一块都要造新的：同一个模块放几次，就是共享权重。先放第一块，其余的用 `*` 展开。
# %% [markdown] lang="en" tags=["hint"]
# Make each block anew: one module in several places would share its weights. Put the first block in, and unpack the rest with `*`.
# %% [markdown] lang="zh" numbers="9536 73984 112 512 21797672"
# ### ResNet34：读懂一张图纸
#
# 名字里的 34 数的是带权重的层：开头 1 个卷积，四组共 3 + 4 + 6 + 3 = 16 块、每块 2 个卷积，最后 1 个线性层：1 + 32 + 1 = 34（捷径上的三个 1×1 卷积和批归一化不算）。
#
# | 部分 | 输出（图 224×224） | 公式 |
# |---|---|---|
# | 7×7 卷积，64 通道，步幅 2，填充 3 | 64×112×112 | 223/2 取 111，+ 1 |
# | 3×3 最大池化，步幅 2，填充 1 | 64×56×56 | 111/2 取 55，+ 1 |
# | 第 1 组，3 块 | 64×56×56 | 步幅 1 |
# | 第 2 组，4 块，步幅 2 | 128×28×28 | 减半 |
# | 第 3 组，6 块，步幅 2 | 256×14×14 | 减半 |
# | 第 4 组，3 块，步幅 2 | 512×7×7 | 减半 |
# | 平均池化，线性层 | 512，再 1000 | |
#
# 开头两行就把 224×224 缩到 56×56：位置只剩十六分之一，后面每一层的乘法也只剩十六分之一。
# 照片的像素多，相邻的又很像，经得起这样省；而 7×7 的核在跳过位置之前，先看清了一大片邻居。
# 末尾的平均池化把每个通道的 7×7 个位置平均成一个数。若是展平，最后一层的权重会是现在的 49 倍（1000·512·49，约 2500 万个，比整个网络还多），而且只收得下这一种大小的图，东西挪一挪位置，用到的就是另外的权重。
#
# 手算参数。
# 开头：卷积 64·3·7·7，加批归一化的 64 + 64，共 9536 个。
# 64 个通道的一块：两个卷积 2·64·64·9，加两个批归一化 2·128，共 73984 个。
# 全部加起来是 21797672 个；其中第 4 组的 512 个通道占了一大半，尽管它的图最小。
# %% [markdown] lang="en" numbers="9536 73984 112 512 21797672"
# ### ResNet34: reading a plan
#
# The 34 of its name counts layers with weights: 1 convolution at first, 3 + 4 + 6 + 3 = 16 blocks of 2 convolutions in four groups, 1 linear layer at the end: 1 + 32 + 1 = 34 (the three 1×1 convolutions on shortcuts and the batch norms aren't counted).
#
# | part | output (picture 224×224) | formula |
# |---|---|---|
# | 7×7 convolution, 64 channels, stride 2, padding 3 | 64×112×112 | 223/2 gives 111, + 1 |
# | 3×3 max pooling, stride 2, padding 1 | 64×56×56 | 111/2 gives 55, + 1 |
# | group 1, 3 blocks | 64×56×56 | stride 1 |
# | group 2, 4 blocks, stride 2 | 128×28×28 | half |
# | group 3, 6 blocks, stride 2 | 256×14×14 | half |
# | group 4, 3 blocks, stride 2 | 512×7×7 | half |
# | average pooling, linear layer | 512, then 1000 | |
#
# The first two rows reduce 224×224 to 56×56: one place in sixteen is left, and each later layer takes only a sixteenth of the multiplications.
# A photograph can afford that, with many pixels and neighbours much alike; and before any place is skipped, the 7×7 kernel has seen a good piece of its surroundings.
# Average pooling at the end makes one number of the 7×7 places of each channel. Flattening them would take 49 times the weights in the last layer (1000·512·49, about 25 million, more than the whole network), would fit one size of picture only, and a thing that has moved would meet other weights.
#
# Count parameters by hand.
# At first: a convolution of 64·3·7·7, with a batch norm of 64 + 64, together 9536.
# A block of 64 channels: two convolutions, 2·64·64·9, and two batch norms, 2·128, together 73984.
# All together there are 21797672; more than half of them are in group 4 with its 512 channels, although its picture is the smallest.
# %%
def size(*modules: nn.Module) -> int:
    """How many numbers in them are trained."""
    return sum(p.numel() for module in modules for p in module.parameters())


if __name__ == "__main__":
    plan = reference.ResNet34()  # in plain torch.nn: what yours is measured against
    # below, the stem is all that comes before the groups
    print("stem:", size(plan.conv1, plan.bn1), " a block of 64:", size(plan.layer1[0]), " all:", size(plan))  # type: ignore
    with torch.no_grad():
        convolved = plan.conv1(torch.randn(1, 3, 224, 224))
        x = plan.maxpool(convolved)
        print("after the first convolution", tuple(convolved.shape[1:]), "pooled", tuple(x.shape[1:]))
        for name in plan.layers:  # the groups' names; `get_submodule(name)` is the group of that name
            x = plan.get_submodule(name)(x)
            print(f"{name}: {tuple(x.shape[1:])}, {size(plan.get_submodule(name)):,} parameters")


# %% [markdown] lang="zh"
# ### 练习 · ResNet34 · 30 分钟
#
# 按上表来写，按使用的顺序登记（名字随你，下一节表里的 `body` 和 `head` 只是我们取的）：
# 输入部分（stem）是 7×7 卷积（3 到 64 个通道，步幅 2，填充 3）、批归一化、ReLU、3×3 最大池化（步幅 2，填充 1）；然后各组；然后平均池化；最后一个线性层，输出 `n_classes` 个 logits。
# 组数由三个参数的长度决定（三个一样长），不一定是四，至少是一；第一组收 64 个通道，以后每组收上一组的输出。
# 默认的就是 ResNet34：21,797,672 个参数；`1 3 224 224` 变成 `1 1000`。
#
# **读物**：Kaiming He 等，*Deep Residual Learning for Image Recognition*（英文，2015；何恺明等人的原文）。读时想：他们图 1 里更深的那条线，训练误差（训练集上答错的比例）也更高，这与我们的哪一格是同一个实验？
# %% [markdown] lang="en"
# ### Exercise · ResNet34 · 30 min
#
# Write it by the table above, and register in the order of use (names are free; `body` and `head` in a table of the next section are just ours):
# the stem is a 7×7 convolution (3 to 64 channels, stride 2, padding 3), batch norm, ReLU and 3×3 max pooling (stride 2, padding 1); then come the groups, then average pooling, and finally a linear layer to `n_classes` logits.
# The length of the three arguments (all equally long) is the number of groups: not always four, but at least one; the first group gets 64 channels, each later one the output of the group before.
# The defaults are ResNet34: 21,797,672 parameters; `1 3 224 224` becomes `1 1000`.
#
# **Reading**: Kaiming He and others, *Deep Residual Learning for Image Recognition* (in English, 2015). While you read: in their first figure the deeper network has the higher training error (the share of wrong answers on the training set), too; which of our cells is the same experiment?
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
        stem = Conv2d(3, 64, 7, stride=2, padding=3), BatchNorm2d(64), ReLU(), MaxPool2d(3, stride=2, padding=1)
        in_features = [64, *out_features_per_group]
        groups = zip(n_blocks_per_group, in_features[:-1], out_features_per_group, first_strides_per_group, strict=True)
        self.body = Sequential(*stem, *(BlockGroup(*group) for group in groups), AveragePool())
        self.head = Linear(in_features[-1], n_classes)

    def forward(self, x: Float[Tensor, "batch 3 h w"]) -> Float[Tensor, "batch n_classes"]:
        # solution
        return self.head(self.body(x))


if __name__ == "__main__":
    if tests.test_ResNet34(ResNet34):
        print(f"{sum(p.numel() for p in ResNet34().parameters()):,} parameters")


# %% [markdown] lang="zh" tags=["hint"]
# 每一组的输入通道数从哪里来？写下默认情形的四对（进几个，出几个）。
# %% [markdown] lang="en" tags=["hint"]
# Where does a group's number of input channels come from? Write down the four pairs (in, out) of the defaults.
# %% [markdown] lang="zh" tags=["hint"]
# `[64, *out_features_per_group]` 去掉最后一个，就是各组的输入；四个列表用 `zip` 并排走。
# %% [markdown] lang="en" tags=["hint"]
# `[64, *out_features_per_group]` without its last entry has the inputs of all groups; let four lists run side by side with `zip`.
# %% [markdown] lang="zh" tags=["hint"]
# 一个 `Sequential` 装下输入部分、各组和平均池化，再加一个线性层；`forward` 一行。
# %% [markdown] lang="en" tags=["hint"]
# One `Sequential` holds the stem, the groups and average pooling; then a linear layer; `forward` is one line.
# %% [markdown] lang="zh"
# ## 4 · 搬运权重，使用模型
# ### 学到的东西在哪里
#
# 用一百万张照片从头训练一个 ResNet34，一块 GPU（显卡，NVIDIA 的在 PyTorch 里叫 `cuda`）往往要跑好几天；别人训练好的，搬过来就能用。
# 而且不止能用在原来的类别上。
# 比如只有 2000 张照片、10 种花，模型却在一百万张照片、1000 类上训练过：保留最后那个线性层之前的一切，把线性层换成 10 个输出的，先只训练它，也许再用小的学习率把其余的也接着训练一点。
# 前面各层学到的边、纹理和部件，对别的照片也有用；2000 张照片太少，从头学不到，还容易过拟合。
# 要不要训练其余的层，看数据：少，又与原来的照片相像，只训练最后一层就好，参数少，不易过拟合；多，或者很不一样（例如显微镜下的图），前面的层也该跟着改。
# 这时其余的层用小得多的学习率，例如最后一层的十分之一：它们已经在好的位置，新的最后一层却还是随机的，传回来的梯度没有多大意义，步子一大，学到的东西就冲掉了。
# 这叫迁移学习（transfer learning）。
# 旧的 1000 类还认得吗？其余的层若跟着改了，旧的最后一层收到的特征就与它学的时候不同，旧类往往会认错许多，这叫灾难性遗忘（catastrophic forgetting）；其余的层若一点没动（批归一化的账本也没动），接回旧的最后一层，答案与原来一模一样。
# 到底帮了多少忙，要比了才知道：同一个网络从随机的权重出发，用同样的图、练同样多步，再在留出的图上比准确率。图少，差距往往很大；图非常多，差距就小了，省下的主要是时间。
#
# 搬的是什么？一个字典：`state_dict()`，从名字到张量，参数和缓冲区都在里面。
#
# | 我的名字 | 别人的名字 | 形状 |
# |---|---|---|
# | `body.0.weight` | `conv1.weight` | `64 3 7 7` |
# | `body.1.weight` | `bn1.weight` | `64` |
# | `body.1.running_mean` | `bn1.running_mean` | `64` |
# | `head.bias` | `fc.bias` | `1000` |
#
# （`bn` 是 batch norm 的缩写，`fc` 是 fully connected，全连接，即线性层。）
# 名字不同，但登记的*顺序*相同，于是可以一行对一行。
# `load_state_dict(weights, strict=False)` 在这里帮不上忙：它对上名字的才装，对不上的悄悄略过；名字一个也对不上，就什么都没装，网络照样瞎猜，却没有报错。
# 用了它，就看它返回的 `missing_keys`（网络里有、字典里没有的）和 `unexpected_keys`（反过来的）；形状不对的，仍会报错。
# 不在字典里的，就没有搬过来：
# - 模型的类（代码），连同步幅和填充；
# - 优化器的状态；
# - 当前的模式，以及 `requires_grad`；
# - 图像的预处理（preprocessing），即图进网络之前要做的事，例如缩放到固定大小，每个通道减去训练集的均值、除以标准差。
#
# 所以形状全对，也可能预测得一塌糊涂：形状相同的两个张量换了位置（比如批归一化的 `weight` 和 `bias`），缓冲区没搬，或者还在 `train` 模式。
# 怎样查？两个网络都在 `eval` 模式，收同一张图，比输出：输出在 1 上下时，差 $10^{-6}$ 只是舍入，例如求和的顺序不同；差 0.1，就从头一段一段地比（开头、每组、每块），毛病在*第一个*不同的那段里。
# %% [markdown] lang="en"
# ## 4 · Copy weights, use a model
# ### Where the learned things are
#
# Training a ResNet34 from scratch on a million photographs often takes days on one GPU (a graphics card; PyTorch calls NVIDIA's `cuda`); what somebody else has trained can be taken over.
# And not only for the classes it was trained on.
# Say you have 2000 photographs of 10 kinds of flowers, and a model trained on a million photographs of 1000 classes: keep everything before the last linear layer, replace that layer by one with 10 outputs, at first train this layer alone, and then perhaps train the rest a little further with a small learning rate.
# The edges, textures and parts that the earlier layers have learned are useful for other photographs; 2000 are too few to learn them from scratch, and would soon be overfitted.
# Whether to train the other layers depends on your data. Few, and like the original photographs: the last layer alone will do, with few parameters to overfit. Many, or very different ones (through a microscope, say): the earlier layers should be trained, too.
# Then give these a far smaller learning rate, a tenth of the last layer's, say: they are in a good place already, while the new last layer is random and sends back gradients that mean little, and large steps would wash away what was learned.
# This is **transfer learning**.
# Are the old 1000 classes still known? If the other layers have been trained, too, the old last layer gets features that differ from those it learned with, and often it gets many old classes wrong: **catastrophic forgetting**. If nothing in them has moved (nor the account of their batch norms), put the old last layer back, and its answers are exactly as before.
# How much it helped, only a comparison tells: train the same network from random weights, on the same pictures and for as many steps, then compare both on held-out pictures. With few pictures the gap is often large; with very many it is small, and what you save is mostly time.
#
# What is it that you take? A dictionary: `state_dict()`, from names to tensors, with parameters and buffers.
#
# | my name | their name | shape |
# |---|---|---|
# | `body.0.weight` | `conv1.weight` | `64 3 7 7` |
# | `body.1.weight` | `bn1.weight` | `64` |
# | `body.1.running_mean` | `bn1.running_mean` | `64` |
# | `head.bias` | `fc.bias` | `1000` |
#
# (`bn` is short for batch norm, `fc` for fully connected, another name of a linear layer.)
# The names differ, but the *order* of registration is the same, and so they match row by row.
# `load_state_dict(weights, strict=False)` doesn't help here: it loads what has the same name, and passes over the rest in silence; where no name matches nothing is loaded, and the network guesses as before, without an error.
# If you use it, look at what it returns: `missing_keys` (in the network but not in the dictionary) and `unexpected_keys` (the other way round); a wrong shape is still an error.
# What isn't in the dictionary doesn't come along:
# - the model's class (its code), with strides and padding;
# - the optimiser's state;
# - the current mode, and `requires_grad`;
# - the **preprocessing** of images, that is what is done to them before the network: resized to a fixed size, say, and from each channel the mean of the training set subtracted, then divided by its standard deviation.
#
# So all shapes may be right and the predictions nonsense: two tensors of one shape have changed places (a batch norm's `weight` and `bias`, say), the buffers weren't copied, or the model is still in `train` mode.
# How do you find out? Give both networks the same picture, in `eval` mode, and compare what comes out: where the outputs are near 1, a difference of $10^{-6}$ is rounding, as when sums run in another order; for one of 0.1 compare piece by piece from the start (stem, each group, each block), and the fault is in the *first* piece that differs.
# %% [markdown] lang="zh" tags=["question"] see="copy_weights"
# 先预测，再运行下一格：只搬 `parameters()`，不搬缓冲区。
# `train` 模式下，两个网络的输出相同吗？`eval` 模式下呢？
# %% [markdown] lang="en" tags=["question"] see="copy_weights"
# Predict, then run the next cell: copy only `parameters()`, and no buffers.
# Do the two networks agree in `train` mode? And in `eval` mode?
# %% [markdown] lang="zh" tags=["answer"]
# `train` 模式下相同：批归一化用的是这一批的统计量，账本没有用上。
# `eval` 模式下差得远：账本还是出厂的均值 0、方差 1。
# 这个错误训练时看不出来，用的时候才发作；所以运行统计量必须是缓冲区，搬运时不能漏。
# %% [markdown] lang="en" tags=["answer"]
# In `train` mode yes: batch norm uses the batch's own statistics, and the account isn't needed.
# In `eval` mode they are far apart: the account is still as it was created, mean 0 and variance 1.
# In training you don't see the error; it shows only when the model is used. That is why running statistics are buffers, and must be copied, too.
# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    theirs, mine = (nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2)) for _ in range(2))
    x = 5 + torch.randn(4, 1, 6, 6)
    for _ in range(50):
        theirs(x)  # in train mode: the account learns this batch
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):  # strict: an error if one side is longer
        p.data.copy_(q.data)  # `.data`: outside the graph; `copy_` writes the values of q into p
    print(f"in train mode they differ by {(mine(x) - theirs(x)).abs().max():.1f}", end=", ")
    print(f"in eval mode by {(mine.eval()(x) - theirs.eval()(x)).abs().max():.1f}")


# %% [markdown] lang="zh"
# ### 练习 · 搬运权重 · 20 分钟
#
# 把 `theirs` 的参数和缓冲区按登记的顺序拷进 `mine`，返回 `mine`；`theirs` 不变；两者之前不共用内存，之后也不许共用。
# 参数和缓冲区一起排（像 `state_dict()`）或各排各的都行；缓冲区都在 `state_dict()` 里，两边的类型相同，没有共用的参数。
# 层里面也按顺序：PyTorch 先登记 `weight`，后登记 `bias`，你的 `Linear` 和 `BatchNorm2d` 也要这样，下面才对得上。
# 两边的张量个数不同，或者任何一对形状不同（`2 3` 与 `3 2` 也算不同），就报 `ValueError`。
# 先把每一对都检查完，再拷第一个：报错之后，`mine` 要和原来一样。
# 参数还是原来的对象，`requires_grad` 也不变。
# 例如两个网络名字全不同、形状依次相同，也能搬。
# %% [markdown] lang="en"
# ### Exercise · copy weights · 20 min
#
# Copy the parameters and buffers of `theirs` into `mine`, in the order of registration, and return `mine`; `theirs` stays unchanged; the two share no memory before, and must share none afterwards.
# Take parameters and buffers as one row (like `state_dict()`) or as two, as you like; all buffers are in `state_dict()`, both sides have the same dtypes, and no parameter is shared.
# Within a layer, too, order counts: PyTorch registers `weight` first, then `bias`; for the comparison below your `Linear` and `BatchNorm2d` have to do the same.
# Raise `ValueError` if the two sides have a different number of tensors, or if any pair has different shapes (`2 3` and `3 2` differ, too).
# Check all pairs before you copy the first: after an error `mine` is unchanged.
# The parameters stay the same objects with the same `requires_grad`.
# Two networks with no name in common, but with the same shapes in the same order, can be copied.
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
        theirs = reference.ResNet34().eval()  # with torchvision (ready models) installed: reference.pretrained()
        mine = copy_weights(ResNet34(), theirs).eval()
        with torch.inference_mode():  # a stricter `no_grad`
            images = torch.randn(2, 3, 64, 64)
            print(f"largest difference to the reference's logits: {(mine(images) - theirs(images)).abs().max():.0e}")


# %% [markdown] lang="zh" tags=["hint"]
# `parameters()` 会漏掉什么？哪个方法把参数和缓冲区都给你，并且保持顺序？
# %% [markdown] lang="en" tags=["hint"]
# What is missing from `parameters()`? Which method gives you parameters and buffers, in order?
# %% [markdown] lang="zh" tags=["hint"]
# `load_state_dict` 会拷贝，并保留原来的对象；它要的是 `mine` 的名字。
# %% [markdown] lang="en" tags=["hint"]
# `load_state_dict` copies, and keeps the objects; it wants the names of `mine`.
# %% [markdown] lang="zh" tags=["hint"]
# 比个数，循环比形状，然后用 `mine` 的名字配 `theirs` 的值造一个字典，装进去。
# %% [markdown] lang="en" tags=["hint"]
# Compare the number, compare shapes in a loop, then load a dictionary with the names of `mine` and the values of `theirs`.
# %% [markdown] lang="zh"
# ### 练习 · 预测 · 15 分钟
#
# 从一张图到“第 3 类，92%”要走几步：与训练时*一样*的预处理；加上批次轴（一张图用 `image[None]`）；`eval` 模式，不求梯度，算出 logits；softmax；取最大的一个，它的位置是类别，它的值是概率。
# 只要类别，不必算 softmax：$e^z$ 随 $z$ 增大，除的又是同一个总和，谁大谁小不变；要概率才用得上它。
# 预处理和批次轴由调用的人做，其余的归 `predict`；预处理做错了也不报错，只是答案变差，第 5 节末尾你会看到。
#
# 返回每张图最可能的类别（`int64` 的整数，如 `argmax` 所给），以及模型给它的概率（类型与 logits 相同）；并列时取哪个都行，softmax 可以调用。
# 例如 logits 是 $\ln 1, \ln 2, \ln 5$ 时，返回类别 2 和概率 $5/8$；logits 上千时也不许溢出。
# 用 `eval` 模式，不求梯度（`torch.no_grad()` 和 `torch.inference_mode()` 都行），不动缓冲区。
# 调用之后，模型和它的*每个*子模块（`model.modules()` 一个不漏地给出）的模式都要与之前一样：下一课会冻结一部分（不再训练），让它留在 `eval` 模式，另一部分照常训练；怎样恢复随你，让模型的深拷贝去算也行。
# 哪怕模型中途报错，也要恢复模式（错误本身照样传出去）。
# %% [markdown] lang="en"
# ### Exercise · predict · 15 min
#
# From an image to "class 3, 92%" there are several steps: the *same* preprocessing as in training; a batch axis (`image[None]` for one image); `eval` mode, no gradients, and the logits; softmax; the largest, whose place is the class and whose value is the probability.
# For the class alone no softmax is needed: $e^z$ grows with $z$, all are divided by the same sum, and so their order stays; you need it only for the probability.
# The caller does the preprocessing and adds the batch axis, `predict` does the rest; if it is done wrongly, there is no error, only worse answers, as you see at the end of section 5.
#
# Return the likeliest class of each image (an `int64` integer, as `argmax` gives it), and the probability that the model gives it (of the dtype of the logits); if several are equal, take any of them; you may call softmax.
# With the logits $\ln 1, \ln 2, \ln 5$, for example, that is class 2 and the probability $5/8$; logits in the thousands must not overflow.
# Use `eval` mode, no gradients (by `torch.no_grad()` or `torch.inference_mode()`), and leave the buffers alone.
# After the call the model and *each* of its submodules (`model.modules()` gives all of them) is in the mode that it was in before: the next lesson keeps one part frozen (no longer trained) in `eval` mode while another trains; restore the modes in any way, or let a deep copy of the model do the work.
# If the model raises an error half-way, restore the modes all the same (and the error goes on to the caller).
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
# `model.train(model.training)` 会把所有子模块设成同一个模式：哪里会出错？
# %% [markdown] lang="en" tags=["hint"]
# `model.train(model.training)` sets all submodules to one mode: where does that go wrong?
# %% [markdown] lang="zh" tags=["hint"]
# 先记下 `model.modules()` 里每个模块的 `training`；恢复放在 `finally` 里。
# %% [markdown] lang="en" tags=["hint"]
# First note the `training` of each module in `model.modules()`; restore it in a `finally`.
# %% [markdown] lang="zh" tags=["hint"]
# softmax 之后，`max(dim=-1)` 一次给出最大值和它的位置，当心顺序。
# %% [markdown] lang="en" tags=["hint"]
# After the softmax, `max(dim=-1)` gives the largest value and its place at once; watch their order.
# %% [markdown] lang="zh"
# ## 5 · 一个小的 ResNet
# ### 给 8×8 的图量身定做
#
# ResNet34 的开头把图的边长缩小到四分之一：8×8 的图还没进第一组，就只剩 2×2 了。
# 四组输出的边长依次是 2、1、1、1；只剩一个位置时，3×3 的核看到的邻居全是补的 0。
# 同样的零件，换一个小的开头：
#
# | 部分 | 输出 |
# |---|---|
# | 3×3 卷积，填充 1 | 16×8×8 |
# | 第 1 组，1 块 | 16×8×8 |
# | 第 2 组，1 块，步幅 2 | 32×4×4 |
# | 第 3 组，1 块，步幅 2 | 64×2×2 |
# | 平均池化，线性层 | 64，再 10 |
# %% [markdown] lang="en"
# ## 5 · A small ResNet
# ### Made to measure for 8×8
#
# The stem of ResNet34 reduces a picture to a quarter of its side: of 8×8 only 2×2 is left before the first group.
# After the four groups the side is 2, 1, 1, 1; where a single place is left, all the neighbours that a 3×3 kernel sees are padded zeros.
# Out of the same parts, with a smaller beginning:
#
# | part | output |
# |---|---|
# | 3×3 convolution, padding 1 | 16×8×8 |
# | group 1, 1 block | 16×8×8 |
# | group 2, 1 block, stride 2 | 32×4×4 |
# | group 3, 1 block, stride 2 | 64×2×2 |
# | average pooling, linear layer | 64, then 10 |
# %% [markdown] lang="zh"
# ### 练习 · 小的 ResNet · 20 分钟
#
# 输入部分：3×3 卷积（1 到 `width` 个通道，填充 1）、批归一化、ReLU；没有最大池化。
# 三组各一块：`width` 到 `width`；到 `2 * width`，步幅 2；到 `4 * width`，步幅 2。
# 然后平均池化和线性层，输出 `n_classes` 个 logits；按使用的顺序登记。
# `part2_features` 要分开用它的两部分，所以名字是定好的：线性层叫 `head`；它之前的一切，连平均池化在内，是一个模块 `body`，输出 `batch c`，`c` 就是 `4 * width`。
# `SmallResNet()` 把 `2 1 8 8` 变成 `2 10`；训练两轮，留出集上至少要对九成。
# %% [markdown] lang="en"
# ### Exercise · a small ResNet · 20 min
#
# The stem: 3×3 convolution (1 to `width` channels, padding 1), batch norm, ReLU; no max pooling.
# Three groups of one block: `width` to `width`; to `2 * width` with stride 2; to `4 * width` with stride 2.
# Then average pooling and a linear layer to `n_classes` logits; register in the order of use.
# `part2_features` takes it apart, so two names are given: the linear layer is `head`, and all before it, average pooling included, is one module `body`; its output is `batch c`, where `c` is `4 * width`.
# `SmallResNet()` turns `2 1 8 8` into `2 10`; after two epochs of training it gets at least nine in ten held-out digits right.
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
# 写法与 `ResNet34` 相同：哪三处不同？（开头、池化、组。）
# %% [markdown] lang="en" tags=["hint"]
# Write it as you wrote `ResNet34`: which three places differ? (Stem, pooling, groups.)
# %% [markdown] lang="zh" tags=["hint"]
# `BlockGroup(1, …)` 三次；线性层收 `4 * width` 个数。
# %% [markdown] lang="en" tags=["hint"]
# `BlockGroup(1, …)` three times; the linear layer takes `4 * width` numbers.
# %% [markdown] lang="zh"
# 看看它没有把握的那些：你能认出几个？
# 再看挪动过的图：比 `SimpleMLP` 强，却远不是不受影响。
# 边上的像素挪出去了，步幅 2 又每隔一格才看一个位置。
# 图一挪，卷积的响应跟着挪，平均池化又不问位置；可是中间的步幅和填充与边界的位置有关，而 8×8 的图几乎处处是边界。
# 最后两行把预处理做错：忘了除以 16，或者黑白颠倒。形状对，没有报错，准确率却跌了下去；平均概率远在准确率之上，光看概率发现不了。
# %% [markdown] lang="en"
# Look at those it is least sure of: how many do you recognise?
# Then at the moved pictures: it does better than `SimpleMLP`, and yet it is far from immune.
# Pixels at the edge have moved out, and a stride of 2 looks at every second place only.
# Convolution moves with the picture and average pooling forgets places; but strides and padding in between remember where the edge is, and a picture of 8×8 is nearly all edge.
# In the last two lines the preprocessing is wrong: the division by 16 is forgotten, or black and white are swapped. The shapes are right and there is no error, but the accuracy falls; the mean probability stays far above it, so probabilities alone don't give the mistake away.
# %%
if __name__ == "__main__":
    if tests.test_predict(predict) and model is not None:
        images, labels = get_digits(train=False)[:]
        classes, probs = predict(model, images)
        unsure = probs.argsort()[:20]  # the places of the 20 smallest
        titles = [f"{int(classes[i])} · {float(probs[i]):.0%}" for i in unsure]
        figures.digits(images[unsure], titles).show()
        for pixels in range(3):
            shares = [f"{name} {accuracy(net, moved(pixels)):.0%}" for name, net in (("mlp", mlp), ("resnet", model))]
            print(f"moved by {pixels}:", *shares)
        for name, wrong in (
            ("as trained", images),
            ("not divided by 16", 16 * images),
            ("black for white", 1 - images),
        ):
            classes, probs = predict(model, wrong)
            print(f"{name}: {(classes == labels).float().mean():.0%} right, mean probability {probs.mean():.0%}")


# %% [markdown] lang="zh" tags=["question"] see="SmallResNet"
# 最没把握的图，`SmallResNet` 给出的概率也有 50% 上下。如果给它一张纯噪声的图，它会说“10%，不知道”吗？先猜，再用 `predict` 试试。
# %% [markdown] lang="en" tags=["question"] see="SmallResNet"
# Even for the pictures that it is least sure of, `SmallResNet` gives a probability of about 50%. Given a picture of pure noise, does it say "10%, no idea"? Guess, then try it with `predict`.
# %% [markdown] lang="zh" tags=["answer"]
# 不会：我们各试了 200 张噪声图，像素从 0 到 1 均匀抽取的，约一半得到的概率超过 50%；从标准正态分布抽取的，有八成。它只见过数字，softmax 又必须把 1 分完，总要偏向某一类。
# 概率说的是“在这十类里偏向哪一个”，不是“这是不是数字”。
# %% [markdown] lang="en" tags=["answer"]
# It doesn't: we tried 200 pictures of noise of each kind; with pixels drawn uniformly from 0 to 1 about half got a probability above 50%, with pixels from a standard normal distribution eight in ten. It has seen digits only, and softmax must give away the whole 1, so it leans to some class.
# The probability says which of these ten classes it leans to, and not whether this is a digit at all.
# %% [markdown] lang="zh"
# ## 6 · 这些零件还会回来
#
# `SmallResNet` 在 `part2_features` 里要拆开来看：看卷积核（kernel，也叫滤波器），冻结主干（`body`），关掉通道；`predict` 也还要用。
# `F.conv2d` 和 `F.max_pool2d` 在 `part2_strides` 里由你自己写；残差和归一化是几乎每个 Transformer（今天的语言模型用的网络）的骨架。
#
# 先不翻看，试着说出：输出大小的公式；为什么权重与图的大小无关；批归一化对哪些数求平均，账本里记着什么；为什么 40 层反而更差，加上 $x$ 就好了；搬运权重时哪些会搬过来，哪些不会。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 6 · Where these pieces come back
#
# `SmallResNet` is taken apart in `part2_features`: you look at its kernels (also called filters), freeze its `body`, switch channels off; `predict` is used there again.
# `F.conv2d` and `F.max_pool2d` you write yourself in `part2_strides`; residuals and normalisation are the skeleton of nearly every transformer, the kind of network behind today's language models.
#
# Without looking back, try to say: the formula for the output's size; why the number of weights doesn't depend on the picture's size; over which numbers batch norm averages, and what its account holds; why 40 layers were worse, and why adding $x$ helped; what comes along when weights are copied, and what doesn't.
# Whichever you can't say, go back to its cell.
