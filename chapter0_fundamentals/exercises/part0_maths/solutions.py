# %% [markdown] lang="zh" order=3
# # 第 0 天 · 数学：网络与矩阵
#
# 这一课你亲手设定一个小网络的权重，写出任意多层的网络，量出梯度怎样一层层消失，再写一个做对照实验的小工具；然后看矩阵对空间做了什么，怎样用几个数把它说清楚。
#
# **先修**：`part0_tensors`（形状、广播、`@`、梯度）。`part0_einops` 不是必需。数学只要中学程度。
# **时间**：必做部分连读带写约四个半小时，分两次：第 2 节之后正好休息；选做的练习另要约一小时。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint xor_weights`；自测用 `coach questions`：它给出我们的答案，由你给自己打分。
#
# 除非题目另说：不改动传入的东西；再调用一次，结果一样；输入在内存里不连续也行；`float64` 进，`float64` 出；每个轴至少有一个元素，数都是有限的。
# 怎么写都行，PyTorch 现成的函数也可以用，除非题目不许。
# %% [markdown] lang="en"
# # Day 0 · maths: networks and matrices
#
# In this lesson you set the weights of a small network by hand, write a network with any number of layers, measure how gradients vanish layer by layer, and write a small tool for controlled experiments; then you see what a matrix does to space, and which few numbers describe it.
#
# **You need** `part0_tensors` (shapes, broadcasting, `@`, gradients); `part0_einops` isn't necessary. School mathematics is enough.
# **Time**: about four and a half hours with reading, in two sittings (with a break after section 2), and one more for the optional exercises.
# **How to read**: guess first, then run, and only then write. `coach hint xor_weights` helps when you are stuck; `coach questions` asks the self-check, shows our answers, and you mark your own.
#
# Unless an exercise says otherwise: inputs stay as they were; a second call gives the same result; inputs may be non-contiguous in memory; `float64` in, `float64` out; every axis has at least one element, and numbers are finite.
# Any way of writing it will do, PyTorch's ready-made functions included, except where an exercise rules something out.
# %%
import math
from collections.abc import Callable, Iterable  # types: a function, and what a for loop can walk through
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from part0_maths import figures, tests


# %% [markdown] lang="zh"
# ## 1 · 一条直线不够
# ### 最小的难题
#
# XOR（异或）有两个输入，恰有一个是 1 时答案才是 1：(0,0) 答 0，(0,1) 答 1，(1,0) 答 1，(1,1) 答 0。
# 把四个输入画成正方形的四个角：答案是 1 的两个角，正好在一条对角线的两头。
# 最简单的模型是线性规则：给两个输入各乘一个权重（weight），加起来，再加一个偏置（bias），也就是一个与输入无关的固定的数；$w_1 x_1 + w_2 x_2 + b > 0$ 就答 1，否则答 0。
# 只要两个权重不全是 0，它的分界 $w_1 x_1 + w_2 x_2 + b = 0$ 就是一条直线：一侧全答 1，另一侧全答 0。
# %% [markdown] lang="en"
# ## 1 · One line is not enough
# ### The smallest hard problem
#
# XOR (“exclusive or”) has two inputs, and its answer is 1 when exactly one of them is 1: (0,0) gives 0, (0,1) gives 1, (1,0) gives 1, and (1,1) gives 0.
# Draw the four inputs as the corners of a square: the two corners whose answer is 1 are at the ends of one diagonal.
# The simplest model is a linear rule: multiply each input by a **weight**, add the two, add a **bias**, a fixed number that doesn't depend on the inputs, and answer 1 if $w_1 x_1 + w_2 x_2 + b > 0$, else 0.
# Unless both weights are 0, its border $w_1 x_1 + w_2 x_2 + b = 0$ is a straight line: one side gets 1, the other 0.
# %% [markdown] lang="zh" tags=["question"] see="xor_weights"
# 下一格试遍一万五千多条线性规则。最好的一条能答对四个点中的几个：2 个、3 个，还是 4 个？如果试一百万条呢？
# %% [markdown] lang="en" tags=["question"] see="xor_weights"
# The next cell tries more than fifteen thousand linear rules. How many of the four points does the best one get right: 2, 3 or 4? And what if a million were tried?
# %% [markdown] lang="zh" tags=["answer"]
# 3 个，试多少条都一样。
# 函数 $f(x) = w_1 x_1 + w_2 x_2 + b$ 在两条对角线上的和相等：$f(0,0) + f(1,1) = f(0,1) + f(1,0)$，两边都是 $w_1 + w_2 + 2b$。
# XOR 却要左边两个都不大于 0，右边两个都大于 0：一个和不可能既大于 0 又不大于 0。
# %% [markdown] lang="en" tags=["answer"]
# 3, however many you try.
# The function $f(x) = w_1 x_1 + w_2 x_2 + b$ has the same sum on both diagonals: $f(0,0) + f(1,1) = f(0,1) + f(1,0)$, since both sides are $w_1 + w_2 + 2b$.
# But XOR wants the two on the left to be at most 0 and the two on the right above 0: one sum can't be both.
# %%
def best_linear_rule(inputs: Float[Tensor, "n 2"], labels: Float[Tensor, " n"]) -> int:
    """The most points that any rule `w1 x1 + w2 x2 + b > 0` of a fine grid gets right."""
    grid = torch.linspace(-2, 2, 25)  # 25 numbers from -2 to 2, evenly spaced
    rules = torch.cartesian_prod(grid, grid, grid)  # all triples of w1, w2, b
    answers = (rules[:, :2] @ inputs.T + rules[:, 2:]) > 0
    return int((answers == labels.bool()).sum(dim=1).max())


if __name__ == "__main__":
    corners = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    xor = torch.tensor([0.0, 1, 1, 0])
    print("the best linear rule gets", best_linear_rule(corners, xor), "of 4")
    design = torch.cat([corners, torch.ones(4, 1)], dim=1)  # a column of ones, for the bias
    best = torch.linalg.lstsq(design, xor[:, None]).solution
    print("w1, w2, b with the least squared error answer", (design @ best).flatten())


# %% [markdown] lang="zh"
# 最多 3 个。把一条对角线两头的 $w_1 x_1 + w_2 x_2 + b$ 相加：两条对角线的和都是 $w_1 + w_2 + 2b$。XOR 却要一条对角线上两个值都大于 0，和就大于 0；另一条上都不大于 0，和就不大于 0。同一个数做不到。
# 第二行是线性回归（linear regression），也就是平方误差最小的那个线性函数：它只好处处答 0.5，等于什么也没说。
# 错不在权重选得不好，而在直线这种形状。
# %% [markdown] lang="en"
# At most 3. Add the values of $w_1 x_1 + w_2 x_2 + b$ at the two ends of a diagonal: for both diagonals the sum is $w_1 + w_2 + 2b$. XOR wants two values above 0 on one diagonal and two of at most 0 on the other: one sum can't be both.
# The second line is **linear regression**, the linear function of least squared error: it answers 0.5 everywhere, which says nothing.
# The weights aren't wrong; the shape is: a straight line.
# %% [markdown] lang="zh" numbers="-1 3 0 7"
# ### 单元、层、ReLU
#
# 补救的办法之一，是人为地给线性规则添一个输入 $x_1 x_2$：$x_1 + x_2 - 2 x_1 x_2$ 在四个角上恰好是 0、1、1、0；可是该添哪一个，要人来想。更好的办法是在中间加一步，让网络自己从输入算出有用的量，权重可以训练。
# 一个隐藏单元（hidden unit）先算一个加权和，再过一道门：$h = \mathrm{relu}(w_1 x_1 + w_2 x_2 + b)$；几个单元排在一起就是一个隐藏层（hidden layer），说它“隐藏”，因为它既不是输入，也不是答案。
# 这道门叫激活函数（activation）；这里用的是 ReLU（rectified linear unit，修正线性单元），$\mathrm{relu}(z) = \max(0, z)$：正数原样通过，负数变成 0。正的倍数可以提到外面，$\mathrm{relu}(3z) = 3\,\mathrm{relu}(z)$：一个单元的权重和偏置都乘 3，下一层只取它的三分之一，算出的还是同一个函数。
# 把第一层的权重排成矩阵 $W_1$，每个单元一行，这一层就是 $h = \mathrm{relu}(W_1 x + b_1)$；最后一层不过门：$y = W_2 h + b_2$。从输入算到答案，叫前向传播（`part0_tensors` 讲过）。
#
# 用铅笔走一遍。输入 $(1, 2)$；第一个单元的权重是 $(1, -1)$，偏置 0；第二个是 $(2, 1)$，偏置 $-1$。
# 加权和是 $1 - 2 + 0 = -1$ 和 $2 + 2 - 1 = 3$；过门以后是 0 和 3。
# 输出的权重是 $(1, 3)$，偏置 $-2$：$1 \cdot 0 + 3 \cdot 3 - 2 = 7$。
# 单元也叫神经元，与人脑的只有名字上的关系：一层就是一个函数，向量进，向量出。
# %% [markdown] lang="en" numbers="-1 3 0 7"
# ### Units, layers, ReLU
#
# One remedy is to give the linear rule another input, $x_1 x_2$: at the corners $x_1 + x_2 - 2 x_1 x_2$ is exactly 0, 1, 1, 0; but somebody must think of it. A better way is one more step in between: the net computes useful quantities itself, by weights that can be trained.
# A **hidden unit** first computes a weighted sum and then sends it through a gate: $h = \mathrm{relu}(w_1 x_1 + w_2 x_2 + b)$; several units side by side are a **hidden layer**, called “hidden” because it is neither the input nor the answer.
# The gate is called the **activation**; here it is **ReLU** (short for rectified linear unit), $\mathrm{relu}(z) = \max(0, z)$: positive numbers pass as they are, negative ones become 0. A positive factor can be taken out, $\mathrm{relu}(3z) = 3\,\mathrm{relu}(z)$: multiply a unit's weights and bias by 3, let the next layer take a third of its output, and the function is the same.
# Write the weights of the first layer as a matrix $W_1$, one row for each unit, and the layer is $h = \mathrm{relu}(W_1 x + b_1)$; the last layer has no gate: $y = W_2 h + b_2$. Going from input to answer is the forward pass (see `part0_tensors`).
#
# With a pencil: the input is $(1, 2)$; the first unit has the weights $(1, -1)$ and the bias 0, the second has $(2, 1)$ and $-1$.
# The weighted sums are $1 - 2 + 0 = -1$ and $2 + 2 - 1 = 3$; after the gate they are 0 and 3.
# The output has the weights $(1, 3)$ and the bias $-2$: $1 \cdot 0 + 3 \cdot 3 - 2 = 7$.
# Units are also called neurons, but share little more than the name with a brain's: a layer is a function, from vector to vector.
# %%
if __name__ == "__main__":
    W1, b1 = torch.tensor([[1.0, -1], [2, 1]]), torch.tensor([0.0, -1])
    W2, b2 = torch.tensor([[1.0, 3]]), torch.tensor([-2.0])
    x = torch.tensor([1.0, 2])
    z = W1 @ x + b1  # the weighted sums
    h = z.relu()  # after the gate
    print("z", z.tolist(), " h", h.tolist(), " y", (W2 @ h + b2).tolist())
    one = torch.tensor(1.0)
    print("relu(1) + relu(-1) =", (one.relu() + (-one).relu()).item(), " relu(1 - 1) =", (one - one).relu().item())
    figures.network(W1, b1, W2, b2, x).show()


# %% [markdown] lang="zh" tags=["question"] see="xor_weights"
# $\mathrm{relu}(1) + \mathrm{relu}(-1)$ 与 $\mathrm{relu}(1 + (-1))$ 相等吗？ReLU 由两段直线拼成，为什么这还不能说它“是线性的”？
# %% [markdown] lang="en" tags=["question"] see="xor_weights"
# Are $\mathrm{relu}(1) + \mathrm{relu}(-1)$ and $\mathrm{relu}(1 + (-1))$ equal? ReLU is made of two straight pieces; why doesn't that make it linear?
# %% [markdown] lang="zh" tags=["answer"]
# 不相等：一个是 1，一个是 0。
# 线性至少要求：先加后算与先算后加，结果一样（第 3 节细讲）；在折点两侧各取一个数，就露馅了。
# 在折点的同一侧，它确实是线性的：正因为如此，它才算得快，梯度也简单。
# %% [markdown] lang="en" tags=["answer"]
# No: one is 1, the other 0.
# Linear means, among other things, that adding first and computing first give the same (more in section 3); take one number on each side of the crease, and it fails.
# On one side of the crease it is indeed linear: that is why it is fast and has simple gradients.
# %% [markdown] lang="zh"
# ### 一层怎样弯折空间
#
# 看看一层对平面做了什么：左图是平面上的网格，中图是 $W x + b$，右图再过 ReLU。
# 中图里直线还是直线；到了 ReLU，凡是某个坐标小于 0 的地方，都被压到坐标轴上，网格就有了折痕。
# %% [markdown] lang="en"
# ### How a layer bends space
#
# See what a layer does to the plane: on the left its grid, in the middle $W x + b$, on the right the same after ReLU.
# In the middle lines are still lines; ReLU presses every place with a negative coordinate onto an axis, and the grid has creases.
# %%
if __name__ == "__main__":
    figures.folding(torch.tensor([[1.0, -0.5], [0.5, 1.0]]), torch.tensor([0.2, 0.3])).show()


# %% [markdown] lang="zh"
# 弯折有什么用？换一个与 XOR 很像的问题：两个输入都是 1 或 $-1$，符号相同答 1，不同答 0。同样没有直线分得开。
# 两个隐藏单元，$h_1 = \mathrm{relu}(x_1 + x_2)$，$h_2 = \mathrm{relu}(-x_1 - x_2)$，用铅笔算：
# $(1,1)$ 到 $(2, 0)$，$(-1,-1)$ 到 $(0, 2)$，而 $(1,-1)$ 和 $(-1,1)$ 都到 $(0, 0)$。
# 现在一条直线就够了：$y = \frac{1}{2} h_1 + \frac{1}{2} h_2$ 给出 1、1、0、0。
# %% [markdown] lang="en"
# What is bending good for? In a problem much like XOR both inputs are 1 or $-1$, and the answer is 1 for equal signs, else 0. Again no line separates them.
# Two hidden units, $h_1 = \mathrm{relu}(x_1 + x_2)$ and $h_2 = \mathrm{relu}(-x_1 - x_2)$, by hand:
# $(1,1)$ goes to $(2, 0)$, $(-1,-1)$ to $(0, 2)$, and $(1,-1)$ and $(-1,1)$ both go to $(0, 0)$.
# Now one line is enough: $y = \frac{1}{2} h_1 + \frac{1}{2} h_2$ gives 1, 1, 0, 0.
# %%
if __name__ == "__main__":
    signs = torch.tensor([[1.0, 1], [-1, -1], [1, -1], [-1, 1]])
    W1, b1 = torch.tensor([[1.0, 1], [-1, -1]]), torch.zeros(2)
    hidden = (signs @ W1.T + b1).relu()  # one row for each sample
    print("hidden", hidden.tolist(), " y", (hidden @ torch.tensor([0.5, 0.5])).tolist())
    figures.folding(W1, b1, signs, [1, 1, 0, 0]).show()


# %% [markdown] lang="zh"
# ### 练习 · 手工解 XOR · 15 分钟
#
# 轮到 XOR 自己：输入是 0 和 1。不用训练，亲手填上 $W_2\,\mathrm{relu}(W_1 x + b_1) + b_2$ 的权重，隐藏层有两个单元。
# 返回四个浮点数张量，依次是 `W1`、`b1`、`W2`、`b2`，形状 `(2, 2)`、`(2,)`、`(1, 2)`、`(1,)`。
# 四个输入的答案与 0、1、1、0 的误差不超过 $10^{-6}$ 就算对；解不止一个，哪个都行。
# %% [markdown] lang="en"
# ### Exercise · XOR by hand · 15 min
#
# Now XOR itself, with inputs 0 and 1. Without training, fill in the weights of $W_2\,\mathrm{relu}(W_1 x + b_1) + b_2$, with two hidden units.
# Return four tensors of floats, `W1`, `b1`, `W2`, `b2` in this order, of shapes `(2, 2)`, `(2,)`, `(1, 2)`, `(1,)`.
# The answers to the four inputs must be 0, 1, 1, 0 up to $10^{-6}$; there is more than one solution, and any will do.
# %% exercise="xor_weights" difficulty=2 importance=4 minutes=15
def xor_weights() -> tuple[Float[Tensor, "2 2"], Float[Tensor, " 2"], Float[Tensor, "1 2"], Float[Tensor, " 1"]]:
    """W1, b1, W2, b2 of a net that answers 0 or 1, up to 1e-6, as XOR does, on the four inputs of zeros and ones.

    Tensors of floats: `torch.tensor([1, 2])` holds integers, `torch.tensor([1.0, 2])` floats.
    """
    # solution
    W1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1])  # the number of ones; that number minus one
    W2, b2 = torch.tensor([[1.0, -2]]), torch.zeros(1)
    return W1, b1, W2, b2


if __name__ == "__main__":
    if tests.test_xor_weights(xor_weights):
        figures.xor_surface(*xor_weights()).show()


# %% [markdown] lang="zh" tags=["hint"]
# 一条路是改写上面那个问题：那里要看“和”离 0 有多远；XOR 要看什么量离 0 有多远？
# %% [markdown] lang="en" tags=["hint"]
# One way is to rewrite the problem above: there it was the sum that is near 0 or far from it; for XOR, which quantity?
# %% [markdown] lang="zh" tags=["hint"]
# 另一条路：让第一个单元数一数有几个 1。这个数是 0、1、2 时，答案应当是 0、1、0：先升，再降。
# %% [markdown] lang="en" tags=["hint"]
# Another way: let the first unit count the ones. As the count goes 0, 1, 2, the answer must go 0, 1, 0: first up, then down.
# %% [markdown] lang="zh" tags=["hint"]
# “再降”要靠第二个单元，它只在两个输入都是 1 时才激活（输出不是 0）：什么偏置做得到？它该减去多少，才能先抵消上升，再拉回 0？
# %% [markdown] lang="en" tags=["hint"]
# Going down is the work of the second unit, which is active (its output is not 0) only when both inputs are 1: which bias does that? And how much must it take away to cancel the rise and come back to 0?
# %% [markdown] lang="zh" tags=["question"] see="xor_weights"
# 线性规则失败、网络成功，靠的是多出来的权重，还是 ReLU？怎样用一次实验分清？
# %% [markdown] lang="en" tags=["question"] see="xor_weights"
# A linear rule fails and the net succeeds: is it because of the additional weights, or because of ReLU? Which experiment tells them apart?
# %% [markdown] lang="zh" tags=["answer"]
# 靠 ReLU。把代码里的 `.relu()` 去掉，权重一个不少，四个角上的答案却又成了一个线性函数的值：两条对角线的和相等，XOR 便不可能。
# 第 2 节的 `collapse_linear` 把这件事说到底：没有 ReLU，多少层都只是一层。
# %% [markdown] lang="en" tags=["answer"]
# ReLU. Take `.relu()` out of the code: every weight is still there, but the answers at the four corners are again those of a linear function, with equal sums on both diagonals, and XOR is impossible.
# `collapse_linear` in section 2 takes this to its end: without ReLU any number of layers is one layer.
# %% [markdown] lang="zh"
# ### 练习 · 多层感知机 · 10 分钟
#
# 同样的网络，任意多层，叫多层感知机（multilayer perceptron，MLP）：层与层之间有 ReLU，最后一层之后没有，否则答案永远不会是负的。
# `x` 的每一*行*是一个样本；`weights` 里每个矩阵的形状是 `(d_out, d_in)`，每个单元一行，与 `torch.nn.Linear` 相同；两个列表一样长，至少一层。
# 样本横着放，上面的 $W x$ 就要写成 `x @ W.T`：`(batch, d_in)` 乘 `(d_in, d_out)`。偏置加到每一行上，靠的是广播。
# 例如只有一层，$W$ 的两行是 $(1, 2)$ 和 $(3, -4)$，偏置 $(0.5, -1)$：样本 $(1, -2)$ 的答案是 $(-2.5, 10)$，负数留着。
# 同一个矩阵可能在列表里出现几次，数也可能很大；`torch.nn` 里的函数可以用。第 2 天的 `part2_cnns` 会把它写成能训练的模块。
# %% [markdown] lang="en"
# ### Exercise · a multilayer perceptron · 10 min
#
# The same net with any number of layers is called a **multilayer perceptron**, MLP for short: a ReLU between layers and none after the last, or its answers could never be negative.
# Each *row* of `x` is a sample; each matrix in `weights` has the shape `(d_out, d_in)`, one row for each unit, as in `torch.nn.Linear`; both lists are equally long, with at least one layer.
# With samples as rows, $W x$ above becomes `x @ W.T`: `(batch, d_in)` times `(d_in, d_out)`. Broadcasting adds the bias to each row.
# For example, a single layer whose $W$ has the rows $(1, 2)$ and $(3, -4)$, with the bias $(0.5, -1)$, answers $(-2.5, 10)$ to the sample $(1, -2)$, and the negative number stays.
# A matrix may occur several times in the list, and numbers may be large; functions of `torch.nn` are allowed. On day 2 `part2_cnns` makes trainable modules of this.
# %% exercise="mlp_forward" difficulty=2 importance=5 minutes=10
def mlp_forward(
    x: Float[Tensor, "batch d_in"], weights: list[Tensor], biases: list[Tensor]
) -> Float[Tensor, "batch d_out"]:
    """What the net answers to each row of x."""
    # solution
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        x = x @ W.T + b
        if i < len(weights) - 1:
            x = x.relu()
    return x


if __name__ == "__main__":
    tests.test_mlp_forward(mlp_forward)


# %% [markdown] lang="zh" tags=["hint"]
# 先写一层：样本是行，权重的行是单元。哪个矩阵要转置？
# %% [markdown] lang="en" tags=["hint"]
# Write one layer first: samples are rows, and so are the units of a weight matrix. Which of the two must be transposed?
# %% [markdown] lang="zh" tags=["hint"]
# 怎样知道现在是最后一层？数层数，不要比较矩阵：同一个矩阵可能出现两次。`zip` 把权重和偏置配成对，`enumerate` 给出层号。
# %% [markdown] lang="en" tags=["hint"]
# How do you know that you are at the last layer? Count the layers, don't compare matrices: one may occur twice. `zip` makes pairs of weights and biases, and `enumerate` numbers them.
# %% [markdown] lang="zh"
# ### 什么都能逼近？
#
# 每个 ReLU 添一道折痕，折痕够多，就能一段一段地描出任何没有断口的曲线：下一格亲手设定一层隐藏单元，让它在每个折点（knot）上与 $\sin x$ 相等，折点之间走直线。
# 这里只用 $[0, 2\pi]$ 里的折点。
# %% [markdown] lang="en"
# ### Can it come close to anything?
#
# Each ReLU adds a crease, and enough creases follow any curve without gaps, piece by piece: the next cell sets a hidden layer by hand that equals $\sin x$ at each knot (where it bends), and is straight in between.
# All knots are within $[0, 2\pi]$.
# %% [markdown] lang="zh" tags=["question"] see="mlp_forward"
# 单元的个数每加一倍，最大的误差大约变成原来的多少：一半，还是四分之一？到了 $[0, 2\pi]$ 之外，例如 $x = 3\pi$，32 个单元的网络还答得对吗？
# %% [markdown] lang="en" tags=["question"] see="mlp_forward"
# With twice as many units, about how much of the largest error is left: a half, or a quarter? And outside $[0, 2\pi]$, at $x = 3\pi$ for example, is the net of 32 units still right?
# %% [markdown] lang="zh" tags=["answer"]
# 越来越接近四分之一（从 4 个到 8 个，还只降到三分之一）：折点够密时，两个折点之间曲线与弦的差，大致与间隔的平方成正比。
# 之外就不对了：最后一道折痕以后只剩一条直线，$3\pi$ 处答大约 3，而 $\sin 3\pi = 0$；单元再多也一样。
# %% [markdown] lang="en" tags=["answer"]
# Closer and closer to a quarter (from 4 to 8 units it is still a third): once the knots are dense, the curve and the straight piece between two of them differ roughly in proportion to the square of the gap.
# Outside it is wrong: after the last crease only one straight line is left, which answers about 3 at $3\pi$, while $\sin 3\pi = 0$; more units don't help.
# %%
def creased(x: Float[Tensor, " n"], knots: Float[Tensor, " k"], values: Float[Tensor, " k"]) -> Float[Tensor, " n"]:
    """A net of one hidden layer, set by hand: it takes these values at the knots, and is straight in between."""
    slopes = values.diff() / knots.diff()  # diff: each number minus the one before
    bends = torch.cat([slopes[:1], slopes.diff()])  # by how much each unit changes the slope
    hidden = (x[:, None] - knots[:-1]).relu()  # weight 1, and minus the knot as bias
    return hidden @ bends + values[0]


if __name__ == "__main__":
    x = torch.linspace(0, 3 * math.pi, 601)
    inside, curves = x <= math.tau, {}  # tau is 2π
    for units in (4, 8, 16, 32):
        knots = torch.linspace(0, math.tau, units + 1)
        curves[units] = creased(x, knots, knots.sin())
        error = (curves[units] - x.sin()).abs()[inside].max()
        print(f"{units:2} units: largest error inside {error:.4f}, answer at 3π {curves[units][-1]:.2f}")
    figures.creases(x, {4: curves[4], 8: curves[8]}).show()


# %% [markdown] lang="zh"
# 这就是万能逼近定理（universal approximation theorem）说的：在一块有限的、连边界也算在内的区域上，一个隐藏层只要够宽，就能与任何连续函数（图像没有断口的函数）要多近有多近。
# 它*没有*说的更多：要多宽（输入一多，常常宽得做不出来）；训练找不找得到这些权重；要多少数据；区域之外答什么（上面那条直线就是一个例子）。
# 所以“神经网络什么都学得会”说过了头：定理说的是“有这样的权重”，不是“学得到”。
# “Neural Networks and Deep Learning”第 4 章（Michael Nielsen，英文，网上免费）用另一种门，把曲线一块块搭起来；读完请回答：它的“台阶”要几个单元，我们的折痕要几个？
# %% [markdown] lang="en"
# This is what the **universal approximation theorem** says: on a region of limited size, its border included, one hidden layer that is wide enough comes as close as you like to any continuous function (one whose graph has no gaps).
# What it does *not* say is more: how wide (with many inputs often too wide to build); whether training finds these weights; how much data that takes; what the net answers outside the region (the straight line above is an example).
# So “a neural network can learn anything” says too much: the theorem only says that such weights exist.
# Chapter 4 of “Neural Networks and Deep Learning” (Michael Nielsen, in English, free on the web) builds curves from another gate, piece by piece; then say: how many units does one of its steps take, and how many one of our creases?
# %% [markdown] lang="zh" numbers="3 4 5 6"
# ## 2 · 深度
# ### 没有门，十层也只是一层
#
# 层数多了，表达力就强了吗？先把 ReLU 拿掉，只看 $W_2 (W_1 x + b_1) + b_2$。
# 乘开就是 $(W_2 W_1) x + (W_2 b_1 + b_2)$：一个矩阵，一个偏置，还是一层。
# 用铅笔走一遍：$W_1$ 的两行是 $(1, 2)$ 和 $(3, 4)$，$b_1 = (1, -1)$；$W_2$ 的两行是 $(0, 1)$ 和 $(-1, 2)$，$b_2 = (0.5, 2)$。
# $W_2 W_1$ 的第一行取 $W_1$ 的第二行，$(3, 4)$；第二行是 $-(1, 2) + 2 (3, 4) = (5, 6)$。
# 偏置是 $(-1, -1 - 2) + (0.5, 2) = (-0.5, -1)$：前面的偏置也要经过后面的矩阵。
# “矩阵加偏置”这样的函数叫仿射映射（affine map）；几个仿射映射接起来，仍是仿射映射。
# %% [markdown] lang="en" numbers="3 4 5 6"
# ## 2 · Depth
# ### Without a gate, ten layers are one
#
# Do more layers make a net more powerful? First take ReLU away, and look at $W_2 (W_1 x + b_1) + b_2$.
# Multiplied out it is $(W_2 W_1) x + (W_2 b_1 + b_2)$: one matrix and one bias, still one layer.
# With a pencil: the rows of $W_1$ are $(1, 2)$ and $(3, 4)$, and $b_1 = (1, -1)$; the rows of $W_2$ are $(0, 1)$ and $(-1, 2)$, and $b_2 = (0.5, 2)$.
# The first row of $W_2 W_1$ is the second row of $W_1$, $(3, 4)$; its second row is $-(1, 2) + 2 (3, 4) = (5, 6)$.
# The bias is $(-1, -1 - 2) + (0.5, 2) = (-0.5, -1)$: the earlier bias goes through the later matrix, too.
# Such a function, a matrix and a bias, is an **affine map**; several in a row are an affine map again.
# %%
if __name__ == "__main__":
    W1, b1 = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([1.0, -1])
    W2, b2 = torch.tensor([[0.0, 1], [-1, 2]]), torch.tensor([0.5, 2])
    print("W", (W2 @ W1).tolist(), " b", (W2 @ b1 + b2).tolist())
    # randn: a matrix of random numbers around 0, of both signs
    narrow = [torch.randn(out, inner) for inner, out in ((100, 2), (2, 100), (100, 100))]  # 2 units in one layer
    product = narrow[2] @ narrow[1] @ narrow[0]
    print("a 100 x 100 matrix, whose outputs have", torch.linalg.matrix_rank(product).item(), "dimensions")
    turns = [
        torch.tensor(rows) for rows in ([[1.0, -0.6], [0.6, 1]], [[0.9, 0.5], [-0.7, 0.8]], [[1.1, -0.4], [0.5, 0.9]])
    ]
    figures.stacked(turns).show()


# %% [markdown] lang="zh" tags=["question"] see="collapse_linear"
# 三层，每层 100 个单元，输入也是 100 个数，没有激活函数。它有多少个权重？与一个 $100 \times 100$ 的矩阵相比，它能表示的函数多了多少？
# 如果中间那层只有 2 个单元呢？
# %% [markdown] lang="en" tags=["question"] see="collapse_linear"
# Three layers of 100 units each, 100 inputs, no activation. How many weights are there? And how many more functions can they represent than one $100 \times 100$ matrix?
# What if the layer in the middle has only 2 units?
# %% [markdown] lang="zh" tags=["answer"]
# 三万个权重，能表示的函数一个也不多：三个矩阵乘起来就是一个一万个数的矩阵。
# 中间只有 2 个单元，反而变少：100 个数先被压成 2 个，丢掉的再也回不来；乘积的秩（第 4 节）最多是 2。
# （训练的路线会变，因为同一个矩阵现在由几个因子相乘而得；能表示的函数却没有变多。）
# %% [markdown] lang="en" tags=["answer"]
# Thirty thousand weights and not one function more: three matrices multiply to one, of ten thousand numbers.
# With 2 units in the middle there are fewer: 100 numbers are first pressed into 2, and what is lost doesn't come back; the rank of the product (section 4) is at most 2.
# (The path of training does change, since one matrix is now a product of several; what can be represented does not grow.)
# %% [markdown] lang="zh"
# ### 练习 · 只有线性层 · 15 分钟
#
# 给出各层的权重和偏置，求出那唯一的一层：返回 `(W, b)`，对每个 `x` 都与整叠层给出同样的结果。
# 列表里第一个最先作用；层的宽窄可以不同，至少一层；只有一层时，就是它自己。
# 上面用铅笔算的两层，答案就是一个例子：$W$ 的两行是 $(3, 4)$ 和 $(5, 6)$，$b = (-0.5, -1)$。
# %% [markdown] lang="en"
# ### Exercise · nothing but linear layers · 15 min
#
# Given the weights and biases of all layers, find that one layer: return `(W, b)` that give the same as the whole stack for every `x`.
# The first in the lists is applied first; layers may be wide or narrow, and there is at least one; a single layer is its own answer.
# The two layers that you did with a pencil are an example: $W$ has the rows $(3, 4)$ and $(5, 6)$, and $b = (-0.5, -1)$.
# %% exercise="collapse_linear" difficulty=2 importance=4 minutes=15
def collapse_linear(
    weights: list[Tensor], biases: list[Tensor]
) -> tuple[Float[Tensor, "d_out d_in"], Float[Tensor, " d_out"]]:
    """The W and b of the one affine layer that does what the stack does; the first of the lists is applied first."""
    # solution
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = next_W @ W, next_W @ b + next_b
    return W, b


if __name__ == "__main__":
    if tests.test_collapse_linear(collapse_linear):
        widths = [10, 2, 10, 10]  # a bottleneck of 2
        stack = [torch.randn(out, inner) for inner, out in zip(widths, widths[1:], strict=False)]
        W, _ = collapse_linear(stack, [torch.zeros(10 if i else 2) for i in range(3)])
        print("dimensions of the outputs of the collapsed 10x10 layer:", int(torch.linalg.matrix_rank(W)))

# %% [markdown] lang="zh" tags=["hint"]
# 三层怎么办？先合并哪两层，剩下的又是几层？
# %% [markdown] lang="en" tags=["hint"]
# What about three layers? Which two do you merge first, and how many remain?
# %% [markdown] lang="zh" tags=["hint"]
# 后来的矩阵站在左边；积下来的偏置先经过后来的矩阵，再加上它的偏置。
# %% [markdown] lang="en" tags=["hint"]
# The later matrix stands on the left; the bias gathered so far goes through it first, and its own bias is added then.
# %% [markdown] lang="zh"
# ### 梯度为什么会消失
#
# 有了门，深度才有意义；可是层一多，又来了新麻烦。
# 训练要知道每个权重动一点，损失变多少，也就是梯度；`part0_tensors` 讲过，它由一串串斜率相乘（再相加）而来（链式法则）。
# 二十层就是二十个因子：每个都是 1/4，乘起来只剩 $10^{-12}$；每个都是 4，就有 $10^{12}$。
# 越往输入，梯度越小，前面的层学不动，叫梯度消失（vanishing gradient）；越来越大，叫梯度爆炸。一步走多远，是学习率乘梯度：前者的损失往往几乎不降，后者的忽上忽下，甚至变成 NaN。
#
# 三个常用的门，斜率很不一样：
# ReLU 在正的一侧斜率恰好是 1，负的一侧是 0。
# sigmoid 是 $\sigma(z) = 1 / (1 + e^{-z})$，把任何数压到 0 与 1 之间，斜率 $\sigma(z)(1 - \sigma(z))$ 最大是 1/4（在 $z = 0$），两头几乎是 0：这叫饱和。
# tanh 是 $\tanh z = (e^z - e^{-z}) / (e^z + e^{-z})$，把数压到 $-1$ 与 1 之间，斜率 $1 - \tanh^2 z$ 在 0 处是 1，两头也几乎是 0。
# %% [markdown] lang="en"
# ### Why gradients vanish
#
# With gates, depth means something; but many layers bring a new problem.
# Training must know how much the loss changes when a weight moves a little, which is the gradient; by the chain rule (see `part0_tensors`) it is made of products of slopes.
# Twenty layers are twenty factors: if each is 1/4, only $10^{-12}$ is left; if each is 4, it is $10^{12}$.
# If gradients shrink towards the input, so that the first layers can't learn, that is the **vanishing gradient**; if they grow, they explode. A step is the learning rate times the gradient: in the first case the loss often hardly falls, in the second it jumps up and down, or even becomes NaN.
#
# Three common gates have very different slopes:
# ReLU has slope exactly 1 on the positive side and 0 on the negative.
# The sigmoid is $\sigma(z) = 1 / (1 + e^{-z})$, which squeezes any number into the range 0 to 1; its slope $\sigma(z)(1 - \sigma(z))$ is at most 1/4 (at $z = 0$) and almost 0 at both ends: there it is said to saturate.
# tanh is $\tanh z = (e^z - e^{-z}) / (e^z + e^{-z})$, which squeezes any number into the range $-1$ to 1; its slope $1 - \tanh^2 z$ is 1 at 0, and almost 0 at both ends as well.
# %% [markdown] lang="zh" tags=["question"] see="gradient_norms"
# 二十个单元排成一串，每个只有一个输入，权重都是 1，第一个输入是 0.5。输入动一点，最后的输出动多少：对 ReLU、tanh、sigmoid 各猜一个数量级，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="gradient_norms"
# Twenty units in a row, each with one input and weight 1, and the first input is 0.5. If that input moves a little, how much does the last output move: guess a power of ten for ReLU, tanh and sigmoid, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# ReLU 是 1：二十个 1 相乘。
# sigmoid 大约 $10^{-13}$：每个斜率约 0.22，比 1/4 还小一点。
# tanh 在中间，大约十分之一：值越来越靠近 0，斜率越来越靠近 1，所以越靠前的单元缩得越多。
# %% [markdown] lang="en" tags=["answer"]
# ReLU gives 1, twenty times 1 multiplied.
# The sigmoid gives about $10^{-13}$: each slope is about 0.22, a little below 1/4.
# tanh is in between, at about a tenth: values come closer and closer to 0 and slopes to 1, so earlier units shrink the effect more than later ones.
# %%
GATES: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "relu": (torch.relu, lambda z: (z > 0).to(z)),  # 0.0 or 1.0, in the dtype of z
    "tanh": (torch.tanh, lambda z: 1 - z.tanh() ** 2),
    "sigmoid": (torch.sigmoid, lambda z: z.sigmoid() * (1 - z.sigmoid())),
}  # each gate with its slope; `lambda z: …` is a function without a name: z goes in, what follows the colon comes out


def rates(activation: str, depth: int = 20, start: float = 0.5) -> Float[Tensor, " depth"]:
    """For units in a row, of weight 1: how fast the last output moves with the input of each of them."""
    gate, slope = GATES[activation]
    z, slopes = torch.tensor(start), []
    for _ in range(depth):
        slopes.append(slope(z))
        z = gate(z)
    return torch.stack(slopes).flip(0).cumprod(0).flip(0)  # multiplied from the last one back


if __name__ == "__main__":
    figures.gates(GATES).show()
    chains = {name: rates(name) for name in GATES}
    figures.gradient_depths(chains, alone=True).show()
    print({name: f"{rate[0]:.1e}" for name, rate in chains.items()})


# %% [markdown] lang="zh"
# ### 权重也是因子：初始化
#
# 真正的层里每个单元有许多输入，因子里还有权重。训练之前权重取什么随机数，叫初始化（initialisation）：取小了，信号一层层变弱；取大了，一层层放大，直到爆炸（tanh 那样有界的门则会饱和）。也不能全取同一个数：一层里各单元的偏置、进来和出去的权重若都相同，它们算出的数就相同，梯度也相同，走一步以后还是相同，整层只抵得上一个单元；随机就是为了让它们有差别。
# 该取多大？两行就能推出来。一个单元是 $z = \sum_j w_j h_j$，共 $n$ 项；权重各抽各的，平均为 0，方差为 $s^2$（`torch.randn` 抽出的数平均为 0、方差为 1，乘上 $s$，方差就是 $s^2$）。把 $z^2$ 乘开，有 $n$ 个平方的项 $w_j^2 h_j^2$，还有许多交叉的项 $w_j h_j w_k h_k$（$j \ne k$）。$w_j$ 与 $w_k$ 各抽各的，交叉的项正负一样常见，平均为 0，于是只剩平方的项：
# $\overline{z^2} = n s^2 \, \overline{h^2}$（上面一横表示平均）。要让大小不变，就取 $s^2 = 1/n$：这是 Xavier 初始化，适合 tanh 这样在 0 附近斜率约为 1 的门。
# ReLU 把负的一半变成 0，$h^2$ 的平均只剩 $z^2$ 的一半，所以方差要加倍，$s^2 = 2/n$：这是 He 初始化。
# （论文里的 Xavier 初始化兼顾往前与往回，取 $2 / (n_{\text{in}} + n_{\text{out}})$；两头一样宽时就是 $1/n$。两个名字都是论文作者的名字。）
# %% [markdown] lang="en"
# ### Weights are factors, too: initialisation
#
# In a real layer a unit has many inputs, and the factors contain weights. Which random numbers the weights are before training is their **initialisation**: if too small, the signal gets weaker layer by layer; if too large, it grows until it explodes (or saturates a gate such as tanh). Nor may they all be one number: if the units of a layer have equal biases and equal weights, coming in and going out, they compute the same, get the same gradient, and stay equal, so the whole layer is worth one unit; random numbers make them differ.
# How large should they be? Two lines tell. A unit is $z = \sum_j w_j h_j$, a sum of $n$ terms; each weight is drawn by itself, with mean 0 and variance $s^2$ (the numbers of `torch.randn` have mean 0 and variance 1; times $s$, their variance is $s^2$). Multiplied out, $z^2$ has $n$ square terms $w_j^2 h_j^2$ and many mixed ones, $w_j h_j w_k h_k$ ($j \ne k$). Since $w_j$ and $w_k$ are drawn separately, a mixed term is as often negative as positive: on average it is 0. Only the square terms are left:
# $\overline{z^2} = n s^2 \, \overline{h^2}$ (a bar means the mean). To keep the size, take $s^2 = 1/n$: this is Xavier's initialisation, for gates such as tanh whose slope near 0 is about 1.
# ReLU sets the negative half to 0, and the mean of $h^2$ is only half that of $z^2$; to make up for it take twice as much, $s^2 = 2/n$: this is He's initialisation.
# (Xavier's paper takes $2 / (n_{\text{in}} + n_{\text{out}})$, a compromise between the forward and backward pass; with equal widths this is $1/n$. Both names are authors'.)
# %% [markdown] lang="zh" tags=["question"] see="gradient_norms"
# ReLU，二十层，权重的方差是 $g/n$。$g = 1$ 时，$h$ 的大小（平方平均的平方根）最后是开头的多少倍？$g = 4$ 呢？先用铅笔算：每层 $h^2$ 的平均乘 $g/2$。
# %% [markdown] lang="en" tags=["question"] see="gradient_norms"
# ReLU, twenty layers, and weights of variance $g/n$. With $g = 1$, how large is $h$ at the end (the root of its mean square), compared with the start? And with $g = 4$? Use a pencil first: each layer multiplies the mean of $h^2$ by $g/2$.
# %% [markdown] lang="zh" tags=["answer"]
# $g = 1$：平方平均乘 $(1/2)^{20}$，开方就是 $(1/2)^{10} \approx 0.001$；$g = 4$：$2^{10} \approx 1000$；$g = 2$ 不变。
# 程序给出的数只是大约如此：每一层的权重都是随机抽的。
# %% [markdown] lang="en" tags=["answer"]
# $g = 1$: the mean square is multiplied by $(1/2)^{20}$, so its root by $(1/2)^{10} \approx 0.001$; $g = 4$: by $2^{10} \approx 1000$; $g = 2$ keeps it.
# The program's numbers agree only roughly, since the weights of each layer are drawn.
# %%
def sizes(g: float, depth: int = 20, width: int = 512) -> Float[Tensor, " depth"]:
    """The root of the mean square of h after each layer with ReLU, for weights of variance g / width."""
    generator = torch.Generator().manual_seed(0)  # a source of random numbers of its own: the same every time
    h, found = torch.randn(64, width, generator=generator), []
    for _ in range(depth):
        W = math.sqrt(g / width) * torch.randn(width, width, generator=generator)
        h = (h @ W.T).relu()
        found.append(h.square().mean().sqrt())
    return torch.stack(found)


if __name__ == "__main__":
    kept = {f"g = {g}": sizes(g) for g in (1, 2, 4)}
    print({name: f"{size[-1]:.1e}" for name, size in kept.items()})
    figures.signal_depths(kept).show()


# %% [markdown] lang="zh"
# ### 练习 · 梯度与深度 · 20 分钟
#
# 现在用真正的网络量一量：损失对每一层的权重矩阵的梯度，有多大？
# `deep_net` 给出一批输入（每行一个样本 $h$）和各层的权重，没有偏置；每一层算 $h \leftarrow f(W h)$，最后一层也过门；损失是所有输出的平方的平均。
# 返回 `depth` 个范数，离输入最近的一层在最前面；一个矩阵的范数是它所有元素平方和的平方根，`.norm()` 就给出它。
# `activation` 是 `"relu"`、`"sigmoid"` 或 `"tanh"`；`getattr(torch, activation)` 按名字取出那个函数。
# 求梯度可以用 `part0_tensors` 的 `backward()` 和 `.grad`，也可以用 `torch.autograd.grad(loss, tensors)`：它直接返回一串梯度，不写进 `.grad`。前向之前，要让权重记下梯度：`W.requires_grad_()`。
# 相对误差不超过千分之一就算对。
# %% [markdown] lang="en"
# ### Exercise · gradients and depth · 20 min
#
# Now measure it in a real net: how large is the loss's gradient with respect to each layer's weight matrix?
# `deep_net` gives a batch (each row is a sample $h$) and the layers' weights, without biases; each layer computes $h \leftarrow f(W h)$, with the gate after the last layer, too; the loss is the mean of the squares of all outputs.
# Return `depth` norms, that of the layer next to the input first; the norm of a matrix is the root of the sum of the squares of its entries, which `.norm()` gives.
# `activation` is `"relu"`, `"sigmoid"` or `"tanh"`; `getattr(torch, activation)` fetches the function of that name.
# For the gradients you can use `backward()` and `.grad` from `part0_tensors`, or `torch.autograd.grad(loss, tensors)`, which returns them as a tuple and writes no `.grad`. Before the forward pass the weights must ask for gradients: `W.requires_grad_()`.
# A relative error of one in a thousand is allowed.
# %% exercise="gradient_norms" difficulty=3 importance=4 minutes=20
def deep_net(depth: int, activation: str, width: int, seed: int) -> tuple[Float[Tensor, "batch width"], list[Tensor]]:
    """A batch of 32 inputs, and `depth` square weights: He's initialisation for "relu", Xavier's otherwise."""
    generator = torch.Generator().manual_seed(seed)
    std = math.sqrt((2 if activation == "relu" else 1) / width)
    x = torch.randn(32, width, generator=generator)
    return x, [std * torch.randn(width, width, generator=generator) for _ in range(depth)]


def gradient_norms(depth: int, activation: str, width: int = 64, seed: int = 0) -> Float[Tensor, " depth"]:
    """The norm of the loss's gradient with respect to each weight matrix, the one next to the input first.

    `activation` is the name of a function of torch's: "relu", "sigmoid" or "tanh".
    """
    h, weights = deep_net(depth, activation, width, seed)
    # solution
    for W in weights:
        h = getattr(torch, activation)(h @ W.requires_grad_().T)
    return torch.stack([gradient.norm() for gradient in torch.autograd.grad(h.square().mean(), weights)])


if __name__ == "__main__":
    if tests.test_gradient_norms(gradient_norms):
        norms = {name: gradient_norms(20, name) for name in ("relu", "tanh", "sigmoid")}
        figures.gradient_depths(norms).show()
        print({name: f"first/last {norm[0] / norm[-1]:.1e}" for name, norm in norms.items()})

# %% [markdown] lang="zh" tags=["hint"]
# 要求梯度的是哪些张量？什么时候告诉 PyTorch 它们是旋钮：前向之前，还是之后？
# %% [markdown] lang="en" tags=["hint"]
# Which tensors do you want gradients for? And when must PyTorch know that they are knobs: before the forward pass, or after it?
# %% [markdown] lang="zh" tags=["hint"]
# 写一个循环做前向：样本是行，所以要转置；最后一层也过门。然后才是一个数的损失。
# %% [markdown] lang="en" tags=["hint"]
# Write a loop for the forward pass: samples are rows, so transpose; the last layer has its gate, too. Only then comes the loss, one number.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.autograd.grad` 按给它的顺序返回梯度；每个取范数，再用 `torch.stack` 排成一个张量。
# %% [markdown] lang="en" tags=["hint"]
# `torch.autograd.grad` returns gradients in the order that you ask for; take the norm of each, and `torch.stack` makes one tensor of them.
# %% [markdown] lang="zh" numbers="1.9e-13"
# sigmoid 的首尾之比大约是 $10^{-13}$（程序打印 `1.9e-13`）：中间有十九个不大于 1/4 的因子，权重补不回来。
# ReLU 配 He 初始化，首尾差不多；而且它便宜：一次比较，没有指数。
# 但它只是缓解了梯度消失，没有根除：权重的尺度取错，照样消失或爆炸；一个单元的加权和若对所有样本都是负的，斜率就都是 0，只要输入不变，它就再也学不动，叫神经元死亡（dying ReLU）。
# `part2_resnets` 还有两样办法：批归一化，让每层的数保持在合适的大小；残差连接，把一层的输入加到它的输出上，于是斜率里总有一个 1，就不容易越乘越小。
# %% [markdown] lang="en" numbers="1.9e-13"
# The first/last ratio of the sigmoid is about $10^{-13}$ (printed: `1.9e-13`): there are nineteen factors of at most 1/4 in between, and weights don't make up for them.
# ReLU with He's initialisation has about the same gradients at both ends; and it is cheap: a comparison, no exponential.
# But it does not abolish vanishing gradients: at a wrong scale of weights they vanish or explode all the same, and a unit whose sum is negative for every sample has slope 0 and, unless its inputs change, never learns again: a dying ReLU.
# `part2_resnets` has two more remedies: batch normalisation, which keeps the numbers of each layer at a good size, and residual connections, which add a layer's input to its output: the slope then contains a 1, so products shrink less easily.
# %% [markdown] lang="zh"
# ### 练习 · 先实验，后理解 · 20 分钟
#
# 深度、门、宽度都可能影响梯度。把它们一起改，结果变了，也不知道功劳归谁。
# 消融实验（ablation，本义是拿掉一部分）的规矩是：每次只改一项，别的都不动，再与原来比较；两边用同一组随机种子，种子带来的运气往往能抵消一部分。
# 一个种子一个种子地比：一项改动在三个种子上分别提高 2、$-1$、5 分，平均提高 2 分，可三次之间自己就相差 3 分上下，什么也定不下来；要多跑几个种子，个数变成四倍，平均的误差才减半（`part0_chance`）。
# 运行之前先写下预测：看过结果，很容易觉得自己早就知道。记录有四行：问题、预测、结果、意外，`LOG` 就是它的模板。
# 这本记录会再回来：第 2 天 `part2_features` 的 `ablate_channel` 关掉一个通道，问它有什么用；第 4 天 `part4_experiments` 把它做成事后改不了预测的实验档案。
#
# `experiment` 是一个函数，只收关键字参数：`experiment(seed=seed, **settings)`；两个星号把字典拆成 `name=value`。
# 返回一个字典：键 `"baseline"` 是不改的，然后每项改动一个 `"key=value"`，写法与 `f"{key}={value}"` 相同，文字不加引号：`activation=sigmoid`；每个键下面是一个列表，每个种子一个结果（浮点数），按种子的顺序，不舍入，不平均。
# 例如 `settings` 是 `{"depth": 2, "width": 3}`，`changes` 是 `{"depth": 5}`：键是 `"baseline"` 和 `"depth=5"`，后者里宽度仍是 3。
# 规则：
# - 值可以是 0、`False`、`None`、空字符串；改动也可以与原值相同：照样做。
# - 可以没有改动，可以没有种子。
# - 种子可以重复：每出现一次，就真的做一次，不能照抄上一次的结果（有的实验，同样的种子也不会给出完全一样的数）。
# - `seeds` 也许只能走一遍（例如生成器）。
# - `changes` 里有名字不在 `settings` 里，就在做任何实验之前抛出 `ValueError`：否则拼错一个字母，看起来就像“没有影响”。`settings` 里没有 `seed`，所以它也不能是一项改动。
# %% [markdown] lang="en"
# ### Exercise · experiment first, understand later · 20 min
#
# Depth, gate and width may all affect the gradients. If you change them together and the result changes, you don't know which deserves the credit.
# The rule of an **ablation** (literally, removal) is: change one thing at a time, leave all else alone, and compare with the original; both sides use the same random seeds, so that part of the luck often cancels.
# Compare seed by seed: if with three seeds a change gains 2, $-1$ and 5 points, it gains 2 on average, but the gains themselves scatter by about 3, which settles nothing; with four times as many seeds the error of the mean is halved (`part0_chance`).
# Write your prediction before you run it: after seeing a result, it is easy to believe that you knew it. The log has four lines, question, prediction, result, surprise; `LOG` is its template.
# The log comes back: on day 2 `ablate_channel` in `part2_features` switches off one channel and asks what it was good for; on day 4 `part4_experiments` makes a record in which no prediction can be changed afterwards.
#
# `experiment` is a function that takes everything by keyword: `experiment(seed=seed, **settings)`; two stars take a dictionary apart into `name=value`.
# Return a dictionary: the key `"baseline"` is without a change, then comes one `"key=value"` for each change, as `f"{key}={value}"` writes it, text without quotes: `activation=sigmoid`; under each key is a list of results (floats), one for each seed, in their order, neither rounded nor averaged.
# For example, with `settings` `{"depth": 2, "width": 3}` and `changes` `{"depth": 5}` the keys are `"baseline"` and `"depth=5"`, and in the latter the width is still 3.
# The rules:
# - Values may be 0, `False`, `None` or an empty string, and a change may be to the same value: run it all the same.
# - There may be no changes, or no seeds.
# - A seed may occur several times: run the experiment as often, and don't copy the first result (not every experiment gives quite the same numbers twice).
# - Perhaps `seeds` can be walked only once (as a generator).
# - If a name in `changes` is not in `settings`, raise `ValueError` before any experiment: or else a misspelt letter would look like “no effect”. `settings` has no `seed`, so that can't be a change either.
# %% exercise="ablate" difficulty=2 importance=4 minutes=20
LOG = "question:   {question}\nprediction: {prediction}\nresult:     {result}\nsurprise:   {surprise}"


def ablate(
    experiment: Callable[..., float], settings: dict[str, Any], changes: dict[str, Any], seeds: Iterable[int]
) -> dict[str, list[float]]:
    """The results of `experiment(seed=seed, **settings)`, one per seed: "baseline", then "key=value" for each change.

    `experiment` takes everything by keyword; its results are neither rounded nor averaged. `seeds` may be walked only once.
    A change that names no setting raises ValueError before any experiment: a typo must not pass for no effect.
    """
    # solution
    if unknown := set(changes) - set(settings):
        raise ValueError(f"changes to {sorted(unknown)}, but the settings are {sorted(settings)}: check the spelling")
    seeds, variants = list(seeds), {"baseline": settings}
    variants |= {f"{key}={value}": settings | {key: value} for key, value in changes.items()}
    return {name: [experiment(seed=seed, **variant) for seed in seeds] for name, variant in variants.items()}


def log10_ratio(depth: int, activation: str, width: int, seed: int) -> float:
    """How many powers of ten the first layer's gradient is above the last one's."""
    norms = gradient_norms(depth, activation, width, seed)
    return math.log10(norms[0] / norms[-1])


if __name__ == "__main__":
    if tests.test_ablate(ablate) and tests.test_gradient_norms(gradient_norms):
        settings = {"depth": 12, "activation": "relu", "width": 32}
        found = ablate(log10_ratio, settings, {"activation": "sigmoid", "depth": 4, "width": 64}, range(3))
        result = {name: [round(x, 1) for x in values] for name, values in found.items()}
        words = {"question": "what starves the first layer?", "prediction": "(yours)", "surprise": "(yours)"}
        print(LOG.format(result=result, **words))


# %% [markdown] lang="zh" tags=["hint"]
# 一共要做几种设置？先把它们都排好，再开始跑：哪一步检查拼写？
# %% [markdown] lang="en" tags=["hint"]
# How many different settings are there? Lay them all out before anything runs; at which step do you check the spelling?
# %% [markdown] lang="zh" tags=["hint"]
# 合并字典的 `|` 造出一个新字典，右边的值优先；为什么这样就不会改动 `settings`？
# %% [markdown] lang="en" tags=["hint"]
# The `|` of dictionaries makes a new one, in which the right side wins; why does that leave `settings` unchanged?
# %% [markdown] lang="zh" tags=["hint"]
# `seeds` 只能走一遍，而每种设置都要从头用它：先存成什么？最后是一个字典，每个值是一个列表推导式。
# %% [markdown] lang="en" tags=["hint"]
# `seeds` may be walked once, and every setting needs it from the start: what do you turn it into first? The result is a dictionary whose values are list comprehensions.
# %% [markdown] lang="zh" tags=["question"] see="ablate"
# 同时把门换成 sigmoid，把深度改成 4，首尾之比变了。能说深度有多大功劳吗？要补几次实验？
# %% [markdown] lang="en" tags=["question"] see="ablate"
# You change the gate to the sigmoid and the depth to 4 at the same time, and the ratio changes. Can you say how much is due to depth? How many more experiments do you need?
# %% [markdown] lang="zh" tags=["answer"]
# 不能：两个原因混在一起。
# 补两次：只改门，只改深度。与原来和“都改”合在一起，四格一张表，还能看出两者是不是互相影响：sigmoid 每层都乘上一个小于 1 的因子，层数越少，它的坏处越小。
# %% [markdown] lang="en" tags=["answer"]
# No: two causes are mixed.
# Two more: only the gate, only the depth. With the original and “both” they make a table of four, which also shows whether the two depend on each other: the sigmoid costs a factor for each layer, so with fewer layers it does less harm.
# %% [markdown] lang="zh"
# 要暂时拿掉几行代码，用 VS Code 里块注释的快捷键：Windows 是 Shift+Alt+A，macOS 是 ⇧⌥A，Linux 是 Ctrl+Shift+A。
# 另外，Python 是强类型语言，只不过类型在运行时才检查：下面的加法不会悄悄变成 `"11"` 或 `2`。
# %% [markdown] lang="en"
# To take some lines out for a while, toggle a block comment in VS Code: Shift+Alt+A on Windows, ⇧⌥A on macOS, Ctrl+Shift+A on Linux.
# And Python is strongly typed, but it checks types only while it runs: the sum below does not quietly become `"11"` or `2`.
# %%
def add_anything(a: Any, b: Any) -> str:
    """The sum as text, or what Python says against it."""
    try:
        return str(a + b)
    except TypeError as error:
        return f"TypeError: {error}"


if __name__ == "__main__":
    print(add_anything("1", 1))


# %% [markdown] lang="zh"
# ## 3 · 矩阵对空间做了什么
# ### 线性
#
# $W x$ 是网络里最常见的一步。它凭什么好算？
# 线性映射（linear map）是这样的函数 $f$：对所有的向量 $x, y$ 和所有的数 $a, b$，都有 $f(ax + by) = a f(x) + b f(y)$；先混合再映射，与先映射再混合，结果一样。
# 用铅笔试两个。$f(x) = 2x$：$f(1) + f(2) = 2 + 4 = 6 = f(3)$，对得上。
# $f(x) = 2x + 1$：$f(1) + f(2) = 3 + 5 = 8$，而 $f(3) = 7$，对不上：图像是直线，却不是线性映射，而是仿射映射（第 1 节的“线性规则”带偏置，严格说也是仿射的）。
# 这一个式子包含两条：$f(x + y) = f(x) + f(y)$（取 $a = b = 1$）和 $f(ax) = a f(x)$（取 $b = 0$，$a$ 可正可负）；$2x + 1$ 两条都不满足。
# %% [markdown] lang="en"
# ## 3 · What a matrix does to space
# ### Linear
#
# $W x$ is the most common step in a network. What makes it so easy to handle?
# A **linear map** is a function $f$ for which, with all vectors $x, y$ and all numbers $a, b$, $f(ax + by) = a f(x) + b f(y)$: mixing first and mapping first give the same.
# Try two with a pencil. $f(x) = 2x$: $f(1) + f(2) = 2 + 4 = 6 = f(3)$, which agrees.
# $f(x) = 2x + 1$: $f(1) + f(2) = 3 + 5 = 8$, but $f(3) = 7$: its graph is a straight line, but, like the “linear rule” of section 1, it is affine and not linear.
# One formula holds two: $f(x + y) = f(x) + f(y)$ (with $a = b = 1$) and $f(ax) = a f(x)$ (with $b = 0$, and $a$ of any sign); $2x + 1$ breaks both.
# %% [markdown] lang="zh" tags=["question"] see="is_linear"
# 三个函数都满足 $f(0) = 0$，也都满足 $f(2x) = 2 f(x)$：$f(x) = 3x$，$f(x) = |x|$，$f(x, y) = x^3 / (x^2 + y^2)$（原点处规定为 0）。它们都是线性的吗？下一格各试一对向量。
# %% [markdown] lang="en" tags=["question"] see="is_linear"
# Three functions all have $f(0) = 0$ and $f(2x) = 2 f(x)$: $f(x) = 3x$, $f(x) = |x|$ and $f(x, y) = x^3 / (x^2 + y^2)$ (at the origin it is defined as 0). Are they all linear? The next cell tries one pair of vectors for each.
# %% [markdown] lang="zh" tags=["answer"]
# 只有第一个。
# $|1| + |-1| = 2$，而 $|1 + (-1)| = 0$：只用正数去试，绝对值就蒙混过关，所以要正负都有。
# 第三个在每个方向上都成比例，两个方向一相加就对不上了。
# %% [markdown] lang="en" tags=["answer"]
# Only the first.
# $|1| + |-1| = 2$, but $|1 + (-1)| = 0$: tried with positive numbers only, the absolute value passes, so take both signs.
# The third is proportional along every direction, but adding two directions gives it away.
# %%
if __name__ == "__main__":
    v, w = torch.tensor([1.0, 2]), torch.tensor([-2.0, 1])
    tries = {"3x": lambda v: 3 * v, "|x|": lambda v: v.abs(), "x³ / (x² + y²)": lambda v: v[0] ** 3 / v.square().sum()}
    for name, f in tries.items():
        print(f"{name:15} f(v) + f(w) = {(f(v) + f(w)).tolist()}   f(v + w) = {f(v + w).tolist()}")


# %% [markdown] lang="zh"
# ### 练习 · 它是线性的吗 · 15 分钟
#
# 给你一个函数 `f`（收一个长 `dim_in` 的 float32 向量，返回一个向量）：试 `trials` 次，每次另抽两个向量和两个数，看 $f(ax + by) = a f(x) + b f(y)$ 是否成立；全都成立才返回 `True`，否则返回 `False`。
# 例如 `is_linear(lambda x: 2 * x, 3)` 是 `True`，换成 `2 * x + 1` 就是 `False`。
# 向量和数都用 `torch.randn` 抽：正负都有，也不是整数；两个数变成 Python 的数（`.item()`）也行，用自己的 `torch.Generator` 也行，全局的随机状态可以动。`trials` 至少是 1。
# float32 有舍入误差，不能要求完全相等；而 `f` 的值可能大到一百万，也可能小到百万分之一，所以要看*相对*误差。设 $m$ 是 $f(ax + by)$、$a f(x)$、$b f(y)$ 三者所有元素里最大的绝对值：差 $f(ax + by) - a f(x) - b f(y)$ 的每个元素，绝对值都不超过 `1e-4` 乘 $m$，这一次就成立。$m$ 是 0（零映射）也成立。
# 各个分量的误差不能互相抵消；出现 NaN，这一次就算不成立。NaN 与任何数比较都是假：`error > bound` 和 `error <= bound` 都是 `False`。
# %% [markdown] lang="en"
# ### Exercise · is it linear? · 15 min
#
# You get a function `f` (from a float32 vector of length `dim_in` to a vector): in each of `trials` trials draw two new vectors and two new numbers, and see whether $f(ax + by) = a f(x) + b f(y)$; return `True` only if all hold, else `False`.
# For example, `is_linear(lambda x: 2 * x, 3)` is `True`, and with `2 * x + 1` it is `False`.
# Draw vectors and numbers by `torch.randn`: of both signs, and not whole; the two numbers may be turned into Python's (`.item()`), a `torch.Generator` of your own is fine, and the global random state may change. `trials` is at least 1.
# float32 rounds, so you can't ask for equality; and the values of `f` may be as large as a million or as small as a millionth, so look at the *relative* error. Let $m$ be the largest absolute value among all entries of $f(ax + by)$, $a f(x)$ and $b f(y)$: a trial holds if every entry of the difference $f(ax + by) - a f(x) - b f(y)$ has an absolute value of at most `1e-4` times $m$. It also holds if $m$ is 0 (the zero map).
# Errors in different components must not cancel; with a NaN a trial doesn't hold. Every comparison with NaN is false: `error > bound` and `error <= bound` are both `False`.
# %% exercise="is_linear" difficulty=2 importance=4 minutes=15
def is_linear(f: Callable[[Tensor], Tensor], dim_in: int, trials: int = 10) -> bool:
    """Whether f, from float32 vectors of length `dim_in` to vectors, passed for linear in all of `trials` random trials.

    A trial whose values are NaN is not passed: NaN equals nothing.
    """
    # solution
    for _ in range(trials):
        x, y, (a, b) = torch.randn(dim_in), torch.randn(dim_in), torch.randn(2)
        left, first, second = f(a * x + b * y), a * f(x), b * f(y)
        size = torch.cat([left, first, second]).abs().max()
        if not (left - first - second).abs().max() <= 1e-4 * size:  # NaN is no agreement
            return False
    return True


if __name__ == "__main__":
    if tests.test_is_linear(is_linear):
        print("x -> 2x:", is_linear(lambda x: 2 * x, 3), " x -> 2x + 1:", is_linear(lambda x: 2 * x + 1, 3))

# %% [markdown] lang="zh" tags=["hint"]
# 一次试验要算 `f` 几次？哪两样东西应当相等？
# %% [markdown] lang="en" tags=["hint"]
# How often do you call `f` in one trial? Which two things should be equal?
# %% [markdown] lang="zh" tags=["hint"]
# 差的最大绝对值与 $m$ 比：`torch.cat` 把三个量接起来，`.abs().max()` 找出最大的。
# %% [markdown] lang="en" tags=["hint"]
# Compare the largest absolute difference with $m$: `torch.cat` joins the three vectors, and `.abs().max()` finds the largest entry.
# %% [markdown] lang="zh" tags=["hint"]
# NaN 那一条：`if error > bound` 与 `if not error <= bound` 有什么不同？
# %% [markdown] lang="en" tags=["hint"]
# For NaN: what is the difference between `if error > bound` and `if not error <= bound`?
# %% [markdown] lang="zh" numbers="0 10"
# ### 矩阵：看它把基向量送到哪里
#
# 线性映射有无数个输入，却只要知道几个答案就够了。
# 平面上的基向量（basis vector）是 $e_1 = (1, 0)$ 和 $e_2 = (0, 1)$：任何向量都由它们混合而成，$(2, 1) = 2 e_1 + 1 e_2$。
# 线性是说，先混合再映射，与先映射再混合，结果一样：$f(2, 1) = 2 f(e_1) + 1 f(e_2)$。所以只要记下 $f(e_1)$ 和 $f(e_2)$，写成两*列*，就记下了整个 $f$；这张表就是矩阵。
# 例如两列是 $(1, 3)$ 和 $(-2, 4)$：$A (2, 1) = 2 \cdot (1, 3) + 1 \cdot (-2, 4) = (0, 10)$。
# 所以矩阵不只是一张数表，它把整个网格拉伸、旋转、压扁。下图换了一个 $A$，两列是 $(1, 1.2)$ 和 $(1.5, -0.4)$：拖动滑块，看网格怎样一步步变过去，两个基向量最后就落在这两列上。
# %% [markdown] lang="en" numbers="0 10"
# ### A matrix: where it sends the basis vectors
#
# A linear map has infinitely many inputs, but a few answers are enough to know it.
# In the plane the **basis vectors** are $e_1 = (1, 0)$ and $e_2 = (0, 1)$, and every vector is a mixture of them: $(2, 1) = 2 e_1 + 1 e_2$.
# Linear means that you may mix before the map or after it: $f(2, 1) = 2 f(e_1) + 1 f(e_2)$. So write down $f(e_1)$ and $f(e_2)$ as two *columns*, and you have written down all of $f$; this table is the matrix.
# For example, with columns $(1, 3)$ and $(-2, 4)$: $A (2, 1) = 2 \cdot (1, 3) + 1 \cdot (-2, 4) = (0, 10)$.
# So a matrix is not just a table of numbers: it stretches, turns or flattens the whole grid. The figure takes another $A$, with columns $(1, 1.2)$ and $(1.5, -0.4)$: move the slider, and see the basis vectors and the grid go there.
# %%
if __name__ == "__main__":
    A = torch.tensor([[1.0, -2], [3, 4]])
    print("A (2, 1) =", (A @ torch.tensor([2.0, 1])).tolist())
    figures.grid_map(torch.tensor([[1.0, 1.5], [1.2, -0.4]])).show()


# %% [markdown] lang="zh" tags=["question"] see="matmul_columns"
# 不用算：哪个矩阵把平面逆时针转四分之一圈？哪个矩阵把每个点的两个坐标互换？先写出两个基向量的去处。
# %% [markdown] lang="en" tags=["question"] see="matmul_columns"
# Without computing: which matrix turns the plane anticlockwise by a quarter turn? Which one swaps the two coordinates of every point? First write down where the two basis vectors go.
# %% [markdown] lang="zh" tags=["answer"]
# 四分之一圈：$e_1 \to (0, 1)$，$e_2 \to (-1, 0)$，写成两列，两行就是 $(0, -1)$ 和 $(1, 0)$。
# 互换：$e_1 \to (0, 1)$，$e_2 \to (1, 0)$，两行是 $(0, 1)$ 和 $(1, 0)$。
# 把它们填进 `figures.grid_map` 看一看。
# %% [markdown] lang="en" tags=["answer"]
# The quarter turn: $e_1 \to (0, 1)$ and $e_2 \to (-1, 0)$; as columns, they make the rows $(0, -1)$ and $(1, 0)$.
# The swap: $e_1 \to (0, 1)$ and $e_2 \to (1, 0)$, with rows $(0, 1)$ and $(1, 0)$.
# Put them into `figures.grid_map` and look.
# %% [markdown] lang="zh" numbers="19 43 22 50"
# 动画版：3Blue1Brown 的“Essence of linear algebra”（英文；B 站上有带中文字幕的官方双语版，名为《线性代数的本质》）让第 3 到 5 节的东西动起来；看完讲矩阵的那一集请回答：怎样从动画里直接读出矩阵的两列？
#
# ### 乘积，两种看法
#
# $AB$ 是先做 $B$，再做 $A$（右边的先碰到向量）。它的第 $j$ 列是 $e_j$ 的去处：先到 $B$ 的第 $j$ 列，再经过 $A$。
# 于是第一种看法：$AB$ 的第 $j$ 列，是 $A$ 的各列按 $B$ 的第 $j$ 列混合而成。
# $A$ 的两行是 $(1, 2)$ 和 $(3, 4)$，$B$ 的两行是 $(5, 6)$ 和 $(7, 8)$：第 0 列是 $5 \cdot (1, 3) + 7 \cdot (2, 4) = (19, 43)$，第 1 列是 $6 \cdot (1, 3) + 8 \cdot (2, 4) = (22, 50)$。
# “行乘列”给出同样的数，只是看不出谁在混合谁。
# %% [markdown] lang="en" numbers="19 43 22 50"
# Films: 3Blue1Brown's “Essence of linear algebra” (in English; on Bilibili with Chinese subtitles) shows in motion what sections 3 to 5 teach; after the film on matrices, say: how do you read the two columns off the animation?
#
# ### A product, seen in two ways
#
# $AB$ does $B$ first and then $A$ (the right one meets the vector first). Its column $j$ is where $e_j$ goes: first to column $j$ of $B$, then through $A$.
# So the first way to see it: column $j$ of $AB$ is a mixture of the columns of $A$, with column $j$ of $B$ as the recipe.
# $A$ has the rows $(1, 2)$ and $(3, 4)$, $B$ has $(5, 6)$ and $(7, 8)$: column 0 is $5 \cdot (1, 3) + 7 \cdot (2, 4) = (19, 43)$, column 1 is $6 \cdot (1, 3) + 8 \cdot (2, 4) = (22, 50)$.
# “Row times column” gives the same numbers, but doesn't show what is mixed with what.
# %%
if __name__ == "__main__":
    A, B = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[5.0, 6], [7, 8]])
    print("columns", (5 * A[:, 0] + 7 * A[:, 1]).tolist(), (6 * A[:, 0] + 8 * A[:, 1]).tolist())
    print("A @ B", (A @ B).tolist(), " B @ A", (B @ A).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 乘积的列 · 10 分钟
#
# 按这种看法写出 $AB$，形状 `(n, m)` 乘 `(m, l)` 得 `(n, l)`；怎样循环由你，不循环也行。
# 不能用 `@`，也不能用 PyTorch 或 NumPy 现成的乘积（`matmul`、`einsum`、`dot`、`linear` 之类）；逐项的 `*` 和 `sum` 可以。
# 例如上面的 $A$ 和 $B$，得到两行 $(19, 22)$ 和 $(43, 50)$。
# 任何一个轴的长度都可以是 1 或 0：没有项可加时，和是 0，所以 `(3, 0)` 乘 `(0, 2)` 是全 0 的 `(3, 2)`。结果的 dtype 与输入相同，float64 的精度也不能丢。
# %% [markdown] lang="en"
# ### Exercise · the columns of a product · 10 min
#
# Write $AB$ in this way: shapes `(n, m)` times `(m, l)` give `(n, l)`; how you loop, or whether, is up to you.
# `@` and any ready-made product of PyTorch's or NumPy's (`matmul`, `einsum`, `dot`, `linear` and the like) are not allowed; `*`, entry by entry, and `sum` are.
# $A$ and $B$ from above give the rows $(19, 22)$ and $(43, 50)$.
# Any axis may have length 1 or 0: a sum without terms is 0, so `(3, 0)` times `(0, 2)` is a `(3, 2)` of zeros. The result has the dtype of the inputs, and keeps the precision of float64.
# %% exercise="matmul_columns" difficulty=2 importance=4 minutes=10
def matmul_columns(A: Float[Tensor, "n m"], B: Float[Tensor, "m l"]) -> Float[Tensor, "n l"]:
    """The product AB, column by column, in the dtype of A and B; axes of size 0 and 1 work. No ready-made product."""
    # solution
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(B.shape[1]):
        product[:, j] = (A * B[:, j]).sum(dim=1)
    return product


if __name__ == "__main__":
    tests.test_matmul_columns(matmul_columns)

# %% [markdown] lang="zh" tags=["hint"]
# 只看第 `j` 列：配方 `B[:, j]` 有 `m` 个数，`A` 有 `m` 列。怎样让每一列乘上自己的份量？
# %% [markdown] lang="en" tags=["hint"]
# Take column `j` alone: the recipe `B[:, j]` has `m` numbers, and `A` has `m` columns. How does each column get its share?
# %% [markdown] lang="zh" tags=["hint"]
# `(n, m)` 乘 `(m,)`：广播从右边对齐。然后哪个轴该消失？先造一个全 0 的结果，dtype 要对，再一列一列地填。
# %% [markdown] lang="en" tags=["hint"]
# `(n, m)` times `(m,)`: broadcasting aligns from the right. Then which axis must vanish? Begin with a result of zeros, of the right dtype, and fill it column by column.
# %% [markdown] lang="zh"
# 第二种看法，同样的 $A$ 和 $B$：把乘积拆成“一列乘一行”的和，$AB = \sum_k a_k b_k^\top$，其中 $a_k$ 是 $A$ 的第 $k$ 列，$b_k^\top$ 是 $B$ 的第 $k$ 行（$^\top$ 是转置）。
# 一列乘一行叫外积（outer product）：第 $i$ 行第 $j$ 列，是那一列的第 $i$ 个数乘那一行的第 $j$ 个数，像一张乘法表。
# $(1, 3)$ 与 $(5, 6)$ 的外积，两行是 $(5, 6)$ 和 $(15, 18)$；$(2, 4)$ 与 $(7, 8)$ 的，两行是 $(14, 16)$ 和 $(28, 32)$；加起来是 $(19, 22)$ 和 $(43, 50)$，与上面一样。
# 它的各行都是同一行的倍数；第 6 节用几个外积拼出一整张图。
# %% [markdown] lang="en"
# The second way, with the same $A$ and $B$: take the product apart into a sum of “one column times one row”, $AB = \sum_k a_k b_k^\top$, where $a_k$ is column $k$ of $A$ and $b_k^\top$ is row $k$ of $B$ ($^\top$ means transposed).
# A column times a row is an **outer product**: row $i$, column $j$ is number $i$ of the column times number $j$ of the row, as in a multiplication table.
# That of $(1, 3)$ and $(5, 6)$ has the rows $(5, 6)$ and $(15, 18)$; that of $(2, 4)$ and $(7, 8)$ has $(14, 16)$ and $(28, 32)$; they add up to $(19, 22)$ and $(43, 50)$, as above.
# All its rows are multiples of one row; in section 6 a few outer products make up a whole picture.
# %%
if __name__ == "__main__":
    terms = [torch.outer(A[:, k], B[k]) for k in range(2)]  # a column of A, a row of B
    print("terms", [term.tolist() for term in terms])
    print("sum", sum(terms, torch.zeros(2, 2)).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 外积之和 · 10 分钟
#
# 把 $AB$ 写成外积之和；例子就是上面那个。
# 规矩与上一题相同：不用 `@` 和现成的矩阵乘法，轴可以是 1 或 0，dtype 和精度不变；`torch.outer` 可以用。
# %% [markdown] lang="en"
# ### Exercise · a sum of outer products · 10 min
#
# Write $AB$ as a sum of outer products; the example is the one above.
# The rules are those of the last exercise: no `@` and no ready-made product of matrices, axes of length 1 or 0, dtype and precision kept; `torch.outer` is allowed.
# %% exercise="matmul_outer" difficulty=2 importance=3 minutes=10
def matmul_outer(A: Float[Tensor, "n m"], B: Float[Tensor, "m l"]) -> Float[Tensor, "n l"]:
    """The product AB, as a sum of outer products, in the dtype of A and B; axes of size 0 and 1 work."""
    # solution
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(B)):
        product = product + A[:, k, None] * B[k]
    return product


if __name__ == "__main__":
    tests.test_matmul_outer(matmul_outer)

# %% [markdown] lang="zh" tags=["hint"]
# 有几项？第 `k` 项要 `A` 的哪一部分，`B` 的哪一部分？
# %% [markdown] lang="en" tags=["hint"]
# How many terms are there? Which part of `A` and which part of `B` does term `k` need?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.outer`，或者让一列竖起来（`None`）去乘一行；从全 0 的矩阵开始累加，没有项时也就对了。
# %% [markdown] lang="en" tags=["hint"]
# `torch.outer`, or a column standing upright (`None`) times a row; start from a matrix of zeros: then a sum without terms is right as well.
# %% [markdown] lang="zh" numbers="1.004978 5 18"
# ## 4 · 用几个数说清一个矩阵
# ### 迹
#
# 一百万个数的矩阵没法看；能不能用一个数，先说出点什么？
# 最简单的是迹（trace）：方阵对角线上的数之和，是和，不是积；对角线从左上到右下。两行 $(2, 7)$ 和 $(4, 3)$：迹是 $2 + 3 = 5$。
# 把空间轻轻推一下，$I + \varepsilon A$（$I$ 是单位矩阵，什么也不做；$\varepsilon$ 是很小的数），面积变成大约 $1 + \varepsilon \cdot \mathrm{tr} A$ 倍：迹是面积变化的快慢。
# $\varepsilon = 0.001$ 时，下一格打印出面积的倍数 `1.004978`，与 $1 + 0.005$ 只差一点点。
# 两个矩阵相乘，谁先谁后不影响迹：$\mathrm{tr}(BC)$ 是所有 $b_{ij} c_{ji}$ 之和（$b_{ij}$ 是 $B$ 第 $i$ 行第 $j$ 列的元素），$\mathrm{tr}(CB)$ 也是，只是加的顺序不同。$2 \times 3$ 的 $B$ 和 $3 \times 2$ 的 $C$ 也一样：下一格里，$BC$ 是 $2 \times 2$ 的，对角线 $5 + 13 = 18$，$CB$ 是 $3 \times 3$ 的，$1 + 5 + 12 = 18$。
# %% [markdown] lang="en" numbers="1.004978 5 18"
# ## 4 · A matrix in a few numbers
# ### The trace
#
# Nobody can look through a million numbers; can one number say something about a matrix?
# The simplest is the **trace**, the sum of the diagonal of a square matrix, from top left to bottom right; the sum, not the product. For the rows $(2, 7)$ and $(4, 3)$ it is $2 + 3 = 5$.
# Give space a small push, $I + \varepsilon A$ ($I$ is the identity matrix, which does nothing, and $\varepsilon$ a small number), and areas are multiplied by about $1 + \varepsilon \cdot \mathrm{tr} A$: the trace is how fast area changes.
# For $\varepsilon = 0.001$ the next cell prints the factor `1.004978`, close to $1 + 0.005$.
# In the trace of a product of two matrices, the order doesn't matter: $\mathrm{tr}(BC)$ is the sum of all $b_{ij} c_{ji}$ ($b_{ij}$ is the entry of $B$ in row $i$ and column $j$), and so is $\mathrm{tr}(CB)$, added in another order. This also holds for a $2 \times 3$ matrix $B$ and a $3 \times 2$ matrix $C$: in the next cell $BC$ is $2 \times 2$, with the diagonal $5 + 13 = 18$, and $CB$ is $3 \times 3$, with $1 + 5 + 12 = 18$.
# %%
if __name__ == "__main__":
    A = torch.tensor([[2.0, 7], [4, 3]], dtype=torch.float64)
    area = (torch.eye(2) + 0.001 * A).det()  # eye(2): I; det: the area that a square of side 1 becomes
    print("trace", A.trace().item(), f" area of a square of side 1 after I + 0.001 A: {area:.6f}")
    B, C = torch.tensor([[1, 2, 0], [0, 1, 3]]), torch.tensor([[1, 0], [2, 1], [0, 4]])
    print("tr(BC)", (B @ C).trace().item(), " tr(CB)", (C @ B).trace().item())


# %% [markdown] lang="zh"
# ### 练习 · 迹 · 5 分钟
#
# 返回没有轴的张量，dtype 与输入相同；`(0, 0)` 的空矩阵，迹是 0。
# 例如两行 $(2, 7)$ 和 $(4, 3)$ 给出 5。
# %% [markdown] lang="en"
# ### Exercise · the trace · 5 min
#
# Return a tensor without axes, of the input's dtype; an empty matrix, `(0, 0)`, has the trace 0.
# For example, the rows $(2, 7)$ and $(4, 3)$ give 5.
# %% exercise="trace" difficulty=1 importance=3 minutes=5
def trace(A: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The sum of the diagonal, as a tensor without axes; 0 for an empty matrix."""
    # solution
    return A.diagonal().sum()


if __name__ == "__main__":
    tests.test_trace(trace)

# %% [markdown] lang="zh" tags=["hint"]
# `Tensor.diagonal` 取出对角线；剩下的是一次归约。
# %% [markdown] lang="en" tags=["hint"]
# `Tensor.diagonal` takes the diagonal out; what is left is one reduction.
# %% [markdown] lang="zh"
# ### 行列式：面积的倍数
#
# 在第一张网格图里，$A$ 把边长 1 的正方形变成蓝色的平行四边形。它的面积（带符号）就是行列式（determinant），写作 $\det A$；三维里是体积。
# 两行 $(a, b)$ 和 $(c, d)$ 的行列式是 $ad - bc$；两行 $(3, 1)$ 和 $(1, 2)$：$6 - 1 = 5$，所有图形的面积都变成 5 倍。
# 负号表示翻了面，像照镜子；0 表示整个平面被压成一条线或一个点，面积全没了，再也还原不了：它没有逆矩阵（inverse，把 $A$ 做过的事还原的矩阵），叫奇异矩阵。
# 由面积立刻知道 $\det(AB) = \det A \det B$：先变成 $\det B$ 倍，再变成 $\det A$ 倍。
# %% [markdown] lang="en"
# ### The determinant: by how much areas grow
#
# In the first grid figure $A$ turns a square of side 1 into the blue parallelogram. Its area, with a sign, is the **determinant** $\det A$; in three dimensions it is a volume.
# For the rows $(a, b)$ and $(c, d)$ it is $ad - bc$; for $(3, 1)$ and $(1, 2)$, $6 - 1 = 5$: every area becomes five times as large.
# A minus sign says that the plane was turned over, as in a mirror; 0 says that all of it was flattened to a line or a point: no area is left, and nothing brings it back; such a matrix has no **inverse** (a matrix that undoes what $A$ did) and is called singular.
# From areas you know at once that $\det(AB) = \det A \det B$: first times $\det B$, then times $\det A$.
# %% [markdown] lang="zh" tags=["question"] see="determinant"
# $0.1 I$ 是 10 行 10 列，对角线上全是 0.1。它的行列式是多少？它快要奇异了吗？
# %% [markdown] lang="en" tags=["question"] see="determinant"
# $0.1 I$ has 10 rows and 10 columns, with 0.1 all along the diagonal. What is its determinant? Is it nearly singular?
# %% [markdown] lang="zh" tags=["answer"]
# $0.1^{10} = 10^{-10}$，却一点也不奇异：它只是把每个方向都缩到十分之一，乘 10 就还原了。
# 行列式带着单位的 $n$ 次方，“很小”说明不了什么；只有恰好是 0 才是奇异。要问离奇异多远，看奇异值（第 6 节）。
# %% [markdown] lang="en" tags=["answer"]
# $0.1^{10} = 10^{-10}$, and it isn't near singular at all: it only shrinks every direction to a tenth, and times 10 brings everything back.
# A determinant carries the unit to the $n$-th power, so “small” says little; only exactly 0 is singular. How close to singular a matrix is, singular values tell (section 6).
# %%
if __name__ == "__main__":
    small = 0.1 * torch.eye(10, dtype=torch.float64)
    undone = torch.allclose(10 * small, torch.eye(10).double())
    print(f"det {small.det():.1e}, and yet times 10 is the identity: {undone}")
    mirror, turn = torch.tensor([[0.0, 1], [1, 0]]), torch.tensor([[0.0, -1], [1, 0]])
    print("det of a mirror", mirror.det().item(), " of a quarter turn", turn.det().item())


# %% [markdown] lang="zh" numbers="-6"
# ### 消元：把矩阵变成三角形
#
# 矩阵再大一点，行列式怎样算？有两件事不难看出：
# 一行加上另一行的倍数，是剪切（把正方形推斜），面积不变；交换两行，翻一次面，变号。
# 用这两步把对角线以下全变成 0（上三角），行列式就是对角线上的数之积，每交换过一次，再变一次号。这个过程叫消元（elimination），每一列用来作除数的那个数叫主元（pivot）。
# 走一遍，三行是 $(1, 3, 1)$、$(2, 4, 2)$、$(1, 2, 4)$：
# 第 0 列绝对值最大的是 2：交换前两行，变号一次，主元 2。
# 其余两行各减去换上来的那一行的 $1/2$，成为 $(0, 1, 0)$ 和 $(0, 0, 3)$；主元 1 和 3。
# 行列式是 $-(2 \cdot 1 \cdot 3) = -6$。
#
# 为什么挑绝对值最大的？float32 只有大约 7 位有效数字：下一格用 $10^{-9}$ 作主元，一行里的 1 和 $-1$ 全被十亿淹没。
# %% [markdown] lang="en" numbers="-6"
# ### Elimination: a triangle out of a matrix
#
# How do you compute larger determinants? Two things are easy to see:
# adding a multiple of one row to another is a shear (a square is pushed aslant) and keeps the area; exchanging two rows turns space over and changes the sign.
# With these two steps make everything below the diagonal 0 (upper triangular): then the determinant is the product of the diagonal, with a change of sign for each exchange. This is **elimination**, and the number that you divide by in each column is the **pivot**.
# Walk it with the rows $(1, 3, 1)$, $(2, 4, 2)$, $(1, 2, 4)$:
# in column 0 the largest absolute value is 2: exchange the first two rows, one change of sign, pivot 2.
# Subtract $1/2$ of the new first row from each of the others, which become $(0, 1, 0)$ and $(0, 0, 3)$; the pivots are 1 and 3.
# The determinant is $-(2 \cdot 1 \cdot 3) = -6$.
#
# Why the largest absolute value? float32 has about 7 significant digits: with $10^{-9}$ as pivot, in the next cell, a row's 1 and $-1$ drown in a billion.
# %%
if __name__ == "__main__":
    print("det", round(torch.tensor([[1.0, 3, 1], [2, 4, 2], [1, 2, 4]]).det().item(), 4))
    top, row = torch.tensor([1e-9, 1, 2]), torch.tensor([1.0, 1, -1])
    print("the row after a tiny pivot", (row - row[0] / top[0] * top).tolist(), " exact: [0, 1 - 1e9, -1 - 2e9]")


# %% [markdown] lang="zh"
# ### 练习 · 行列式 · 20 分钟
#
# 用消元法算行列式，返回没有轴的张量，dtype 与输入相同；空矩阵的行列式是 1（没有因子的积）。例如上面的三行给出 $-6$。
# 不能用 PyTorch 或 NumPy 现成的行列式、逆、分解和求解（`det`、`lu`、`qr`、`svd`、`eig`、`inv`、`solve` 之类）。
# 每一列在还没用过的行里选绝对值最大的元素作主元（可以是负的）；交换一次，变号一次。
# 只有当某一列在还没用过的行里恰好全是 0 时，才算行列式是 0；主元再小也是个数：`[[1e-30]]` 的行列式就是 `1e-30`。
# 第 1 天用行列式判断光线与三角形是否平行。
# %% [markdown] lang="en"
# ### Exercise · the determinant · 20 min
#
# Compute the determinant by elimination, as a tensor without axes, of the input's dtype; that of an empty matrix is 1 (a product without factors). For example, the three rows above give $-6$.
# Ready-made determinants, inverses, factorisations and solvers of PyTorch's or NumPy's (`det`, `lu`, `qr`, `svd`, `eig`, `inv`, `solve` and the like) are not allowed.
# In each column take as pivot the entry of largest absolute value (it may be negative) among the rows not yet used; each exchange changes the sign once.
# Count the determinant as 0 only if some column is exactly zero in all rows not yet used: a tiny pivot is a number like any other, and `[[1e-30]]` has the determinant `1e-30`.
# On day 1, a determinant says whether a ray is parallel to a triangle.
# %% exercise="determinant" difficulty=3 importance=3 minutes=20
def determinant(A: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The determinant by elimination with pivoting, as a tensor without axes; 1 for an empty matrix.

    Without ready-made determinants and factorisations of torch's or NumPy's. It is 0 only if some step finds nothing but
    exact zeros for a pivot: a tiny pivot is a number like any other.
    """
    # solution
    U, det = A.clone(), torch.ones((), dtype=A.dtype)
    for j in range(len(U)):
        pivot = j + int(U[j:, j].abs().argmax())
        if U[pivot, j] == 0:
            return torch.zeros_like(det)
        if pivot != j:
            U[[j, pivot]], det = U[[pivot, j]], -det
        det = det * U[j, j]
        U[j + 1 :] -= U[j + 1 :, j, None] / U[j, j] * U[j]
    return det


if __name__ == "__main__":
    if tests.test_determinant(determinant):
        A, B = torch.randn(3, 3), torch.randn(3, 3)
        print(f"det(AB) {float(determinant(A @ B)):.4f} = det(A) det(B) {float(determinant(A) * determinant(B)):.4f}")

# %% [markdown] lang="zh" tags=["hint"]
# 先 `A.clone()`，原来的矩阵不能动。第 `j` 步只看哪些行？主元在其中的第几行？
# %% [markdown] lang="en" tags=["hint"]
# Begin with `A.clone()`, since the matrix itself must stay. Which rows does step `j` look at? And in which of them is the pivot?
# %% [markdown] lang="zh" tags=["hint"]
# `argmax` 从你给它的那一段数起，别忘了加回起头的行号；交换两行可以用一个行号的列表作索引。
# %% [markdown] lang="en" tags=["hint"]
# `argmax` counts from the start of the part that you give it, so add the number of its first row; two rows are exchanged with a list of row numbers as index.
# %% [markdown] lang="zh" tags=["hint"]
# 下面的每一行减去主元那一行的某个倍数，倍数各不相同：把它们竖成一列（形状 `(rows, 1)`），广播就能一次做完。
# %% [markdown] lang="en" tags=["hint"]
# From each row below, subtract a multiple of the pivot's row, a different one each time: with the factors as an upright column (of shape `(rows, 1)`), broadcasting does it all at once.
# %% [markdown] lang="zh"
# ### 秩：还剩下几维
#
# 空间被压扁时，行列式只是 0；秩（rank）还说压成了几维：输出能到的地方有几维，秩就是几。
# 平面上秩 2 的矩阵把网格变成网格；秩 1 的把整个平面压成一条线；秩 0 的全压到原点。
# 下图的两列是 $(1, 0.5)$ 和 $(2, 1)$：第二列是第一列的两倍，两个基向量落在同一条线上。
# 它也是线性无关的列数：一列一列地去掉能由其余的列混合出来的，最后还剩几列；按行来数，结果也一样。
# %% [markdown] lang="en"
# ### The rank: how many dimensions remain
#
# A determinant of 0 says that space was flattened; the **rank** says how many dimensions the outputs can still reach.
# In the plane, a matrix of rank 2 makes a grid of a grid; rank 1 presses the whole plane onto a line; rank 0 presses all of it into the origin.
# In the figure the columns are $(1, 0.5)$ and $(2, 1)$: the second is twice the first, and both basis vectors end on one line.
# It is also the number of linearly independent columns, those left after taking out, one by one, what the rest can mix; counting rows gives the same.
# %%
if __name__ == "__main__":
    figures.grid_map(torch.tensor([[1.0, 2], [0.5, 1]])).show()


# %% [markdown] lang="zh" tags=["question"] see="rank"
# 三行 $(1, 2, 0)$、$(0, 1, 1)$、$(1, 3, 1)$：没有两行相同，也没有成比例的行。秩是 3 吗？
# %% [markdown] lang="en" tags=["question"] see="rank"
# Three rows, $(1, 2, 0)$, $(0, 1, 1)$, $(1, 3, 1)$: no two are equal, and none is a multiple of another. Is the rank 3?
# %% [markdown] lang="zh" tags=["answer"]
# 是 2：第三行是前两行之和。
# 两两比较不够，要看能不能由*几行*混合出来；消元会自动发现：减过以后，那一行变成全 0。
# %% [markdown] lang="en" tags=["answer"]
# It is 2: the third row is the sum of the other two.
# Comparing pairs isn't enough, since *several* rows may mix one; elimination finds it by itself: after the subtractions that row is all zeros.
# %% [markdown] lang="zh" numbers="2"
# 消元也能数秩：秩就是主元的个数。与行列式不同的只有一点：某一列找不到主元，就看下一列，但仍停在同一行。
# 走一遍，三行是 $(2, 4, 6)$、$(1, 2, 4)$、$(1, 2, 5)$：
# 第 0 列，主元 2；其余两行减去它的 $1/2$，成为 $(0, 0, 1)$ 和 $(0, 0, 2)$。
# 第 1 列，剩下的两行都是 0，没有主元；看第 2 列，仍从第 1 行（中间那一行）起：主元 2，另一行减去 $1/2$ 倍，成为全 0。
# 两个主元，秩是 2。
#
# 多小算 0？有舍入，“恰好是 0”靠不住；要与矩阵里绝对值最大的元素比，否则换个单位，秩就变了。
# %% [markdown] lang="en" numbers="2"
# Elimination also counts the rank: it is the number of pivots. Only one thing differs from the determinant: a column without a pivot sends you on to the next column, but in the same row.
# With the rows $(2, 4, 6)$, $(1, 2, 4)$, $(1, 2, 5)$:
# column 0 has the pivot 2; minus $1/2$ of that row, the others become $(0, 0, 1)$ and $(0, 0, 2)$.
# In column 1 both remaining rows are 0, so there is no pivot; go on to column 2, still from row 1 (the middle one) on: the pivot is 2, and the other row, minus $1/2$ of it, is all zeros.
# Two pivots: the rank is 2.
#
# How small is 0? With rounding, “exactly 0” won't do; compare with the largest absolute entry, or other units would change the rank.
# %%
if __name__ == "__main__":
    for rows in ([[2.0, 4, 6], [1, 2, 4], [1, 2, 5]], [[1.0, 2, 0], [0, 1, 1], [1, 3, 1]]):
        print("rank", torch.linalg.matrix_rank(torch.tensor(rows)).item(), "of", rows)


# %% [markdown] lang="zh"
# ### 练习 · 秩 · 20 分钟
#
# 数出主元的个数，返回 Python 的整数；矩阵可高可扁，例如上面的三行给出 2。
# 列从左往右；每一列在还没用过的行里选绝对值最大的元素，它要*大于* `tol` 乘以 $A$（开始时）绝对值最大的元素，才是主元；恰好相等也不算；测试里恰好相等的数，算起来没有舍入，所以在哪种 dtype 里比较都行。
# 全 0 的矩阵，秩是 0；没有行或没有列，也是 0。
# 不能用现成的秩、行列式、逆、分解和求解，与上一题相同。
# 这样数秩只对小矩阵可靠：矩阵大了，舍入误差可能被数成主元；`torch.linalg.matrix_rank` 用的是第 6 节的办法。
# %% [markdown] lang="en"
# ### Exercise · the rank · 20 min
#
# Count the pivots and return a Python integer; a matrix may be tall or wide, and the three rows above, for example, give 2.
# Columns go from left to right; in each, take the entry of largest absolute value among the rows not yet used: it is a pivot if it is *more* than `tol` times the largest absolute entry of $A$ (as it was at the start), not if it is exactly as large; where a test has equal numbers, nothing is rounded: compare in any dtype.
# A matrix of zeros has rank 0; without rows or without columns it is 0, too.
# Ready-made ranks, determinants, inverses, factorisations and solvers are not allowed, as in the last exercise.
# This is reliable for small matrices only: in large ones rounding errors may count as pivots; `torch.linalg.matrix_rank` goes the way of section 6.
# %% exercise="rank" difficulty=3 importance=4 minutes=20
def rank(A: Float[Tensor, "n m"], tol: float = 1e-4) -> int:
    """The number of pivots of more than `tol` times the largest absolute entry of A; 0 for zeros, or without entries.

    Without ready-made ranks, determinants and factorisations of torch's or NumPy's.
    """
    # solution
    U, found = A.clone(), 0
    zero = tol * U.abs().max() if U.numel() else 0.0
    for j in range(U.shape[1]):
        if found == len(U) or U[found:, j].abs().max() <= zero:
            continue
        pivot = found + int(U[found:, j].abs().argmax())
        U[[found, pivot]] = U[[pivot, found]]
        U[found + 1 :] -= U[found + 1 :, j, None] / U[found, j] * U[found]
        found += 1
    return found


if __name__ == "__main__":
    tests.test_rank(rank)

# %% [markdown] lang="zh" tags=["hint"]
# 与行列式相同的消元，为什么现在行号和列号要分开走？哪一个每步都加 1？
# %% [markdown] lang="en" tags=["hint"]
# It is the determinant's elimination; why must row and column now be counted separately, and which of the two moves at every step?
# %% [markdown] lang="zh" tags=["hint"]
# 界先算好，用原来的 $A$；高矩阵的列先用完，扁矩阵的行先用完：两种情形都要停。
# %% [markdown] lang="en" tags=["hint"]
# Compute the bound first, from $A$ itself; a tall matrix runs out of columns, a wide one out of rows: stop in both cases.
# %% [markdown] lang="zh" tags=["hint"]
# 找不到主元就 `continue`；找到了，交换、消元、个数加 1。空矩阵没有最大值：`max` 会报错，要先问 `numel()`。
# %% [markdown] lang="en" tags=["hint"]
# Without a pivot, `continue`; with one, exchange, eliminate, and count it. An empty matrix has no largest entry, and `max` raises an error: ask `numel()` first.
# %% [markdown] lang="zh" numbers="2 3"
# ## 5 · 换一种语言，找不变的方向
# ### 换一组基向量
#
# 同一支箭头，用不同的基向量来说，坐标就不同，好比同一件事用两种语言说。
# 取 $p_1 = (1, 0)$、$p_2 = (1, 1)$ 作新的基向量，箭头 $(3, 1) = 2 p_1 + 1 p_2$：新坐标是 $(2, 1)$。把新的基向量写成列，排成矩阵 $P$，就有“旧坐标 = $P$ · 新坐标”。
# 基变换（change of basis）就是这样换一套坐标来写同样的向量；映射没有变，写它的矩阵却变了：先把新坐标翻译成旧的（$P$），做 $A$，再翻译回来（$P^{-1}$，即 $P$ 的逆），合起来是 $P^{-1} A P$，从右往左读。同一个映射在两种语言里的两个矩阵，叫相似矩阵（similar matrices）。
# 走一遍，$A$ 的两行是 $(2, 1)$ 和 $(0, 3)$：
# 新坐标 $(1, 0)$ 是旧的 $(1, 0)$，$A$ 送到 $(2, 0)$，翻译回来是 $(2, 0)$；
# 新坐标 $(0, 1)$ 是旧的 $(1, 1)$，$A$ 送到 $(3, 3)$，翻译回来是 $(0, 3)$。
# 在这种语言里，$A$ 只剩对角线上的 2 和 3：选对了语言，有些看似复杂的映射，不过是沿各个方向拉伸。
# %% [markdown] lang="en" numbers="2 3"
# ## 5 · Another language, and directions that stay
# ### Other basis vectors
#
# With other basis vectors one and the same arrow has other coordinates, as one thing can be said in two languages.
# Take $p_1 = (1, 0)$ and $p_2 = (1, 1)$ as new basis vectors; the arrow $(3, 1) = 2 p_1 + 1 p_2$ then has the new coordinates $(2, 1)$. With the new basis vectors as columns of a matrix $P$, old coordinates are $P$ times new ones.
# A **change of basis** writes the same vectors in other coordinates in this way; the map stays, but its matrix changes: translate new coordinates to old ($P$), do $A$, and translate back ($P^{-1}$, the inverse of $P$); together, $P^{-1} A P$, read from right to left. Two matrices that are one map in two languages are **similar matrices**.
# Walk it with $A$ of the rows $(2, 1)$ and $(0, 3)$:
# new $(1, 0)$ is old $(1, 0)$; $A$ sends it to $(2, 0)$, and translated back this is $(2, 0)$;
# new $(0, 1)$ is old $(1, 1)$; $A$ sends it to $(3, 3)$, and translated back this is $(0, 3)$.
# Here only 2 and 3 on the diagonal are left of $A$: in the right language some complicated maps just stretch along each direction.
# %%
if __name__ == "__main__":
    A, P = torch.tensor([[2.0, 1], [0, 3]]), torch.tensor([[1.0, 1], [0, 1]])
    print("in the new language", (torch.linalg.inv(P) @ A @ P).tolist())
    print("the wrong way round", (P @ A @ torch.linalg.inv(P)).tolist())
    figures.two_languages(P, torch.tensor([3.0, 1])).show()


# %% [markdown] lang="zh"
# ### 练习 · 换一组基 · 15 分钟
#
# `basis` 的列是新的基向量，用旧坐标写；返回同一个映射在新坐标里的矩阵 $P^{-1} A P$。例子就是上面那个：两行 $(2, 0)$ 和 $(0, 3)$。
# `basis` 总是可逆的，但基向量可能很短，例如长 `1e-5`：换单位不改变映射。
# PyTorch 现成的求逆可以用，`torch.linalg.solve(P, M)` 也可以：它给出 $P X = M$ 的解 $X$。
# %% [markdown] lang="en"
# ### Exercise · another basis · 15 min
#
# The columns of `basis` are the new basis vectors in old coordinates; return the matrix of the same map in new coordinates, $P^{-1} A P$. The example is the one above: rows $(2, 0)$ and $(0, 3)$.
# `basis` is always invertible, but its vectors may be short, of length `1e-5`, say: other units don't change a map.
# PyTorch's inverse is allowed, and so is `torch.linalg.solve(P, M)`, the solution $X$ of $P X = M$.
# %% exercise="change_of_basis" difficulty=2 importance=3 minutes=15
def change_of_basis(A: Float[Tensor, "n n"], basis: Float[Tensor, "n n"]) -> Float[Tensor, "n n"]:
    """The matrix of the same map in coordinates with respect to the columns of `basis`."""
    # solution
    return torch.linalg.solve(basis, A @ basis)


if __name__ == "__main__":
    if tests.test_change_of_basis(change_of_basis) and tests.test_trace(trace) and tests.test_determinant(determinant):
        A, basis = torch.randn(4, 4), torch.randn(4, 4)
        for name, M in {"A": A, "A in another basis": change_of_basis(A, basis)}.items():
            moduli = [round(x, 3) for x in sorted(torch.linalg.eigvals(M).abs().tolist())]  # |λ|: explained below
            print(f"{name}: trace {float(trace(M)):.3f}, det {float(determinant(M)):.3f}, |λ| {moduli}")

# %% [markdown] lang="zh" tags=["hint"]
# 哪一步先碰到向量：翻译，还是 $A$？它该站在哪一边？
# %% [markdown] lang="en" tags=["hint"]
# What meets the vector first: the translation, or $A$? On which side must it stand?
# %% [markdown] lang="zh" tags=["hint"]
# $P^{-1} M$ 就是 $P X = M$ 的解，不必先求逆；这里的 $M$ 是什么？
# %% [markdown] lang="en" tags=["hint"]
# $P^{-1} M$ is the solution of $P X = M$, and needs no inverse; what is $M$ here?
# %% [markdown] lang="zh" tags=["question"] see="change_of_basis"
# 换了语言，哪些量不变：元素、迹、行列式、秩、元素平方和？先猜，再看上一格打印的数（`|λ|` 是每个矩阵自带的几个数的绝对值，“不变的方向”一小节会讲）。
# %% [markdown] lang="en" tags=["question"] see="change_of_basis"
# Which quantities stay in another language: the entries, the trace, the determinant, the rank, the sum of the squares of the entries? Guess, then look at what the cell above prints (“Directions that stay” explains `|λ|`).
# %% [markdown] lang="zh" tags=["answer"]
# 迹、行列式、秩不变（特征值也是，下一小节讲）：它们属于映射，不属于坐标。
# 由 $\mathrm{tr}(XY) = \mathrm{tr}(YX)$，$\mathrm{tr}(P^{-1}AP) = \mathrm{tr}(APP^{-1}) = \mathrm{tr}(A)$；行列式里 $\det P^{-1}$ 与 $\det P$ 相消。
# 元素、平方和与对称性一般都会变；但新的基向量若两两垂直、长度都是 1，后两样不变。
# %% [markdown] lang="en" tags=["answer"]
# Trace, determinant and rank stay (and the eigenvalues, explained next): they belong to the map, not to coordinates.
# By $\mathrm{tr}(XY) = \mathrm{tr}(YX)$, $\mathrm{tr}(P^{-1}AP) = \mathrm{tr}(APP^{-1}) = \mathrm{tr}(A)$; and $\det P^{-1}$ cancels $\det P$.
# The entries, the sum of squares and symmetry change in general; but if the new basis vectors are perpendicular to each other and of length 1, the last two stay.
# %% [markdown] lang="zh"
# ### 练习 · 哪些恒等式成立 · 15 分钟
#
# “The Matrix Cookbook”（Petersen 与 Pedersen，英文，网上免费）列着几百条矩阵公式；第 6 页是最常用的一批。下面十二条有真也有假。
# 先猜，再用随机的 $3 \times 3$ 矩阵试：不成立的一次就露馅，次次成立的，虽然还不算证明，却很少是假的。矩阵不能挑特殊的，不然假的也会放过：都用对角矩阵，连 $AB = BA$ 也次次成立。
# 返回一个字典：`IDENTITIES` 里的每一条对应 `True`（对所有可逆的 $A, B, C$ 都成立）或 `False`。例如 `"tr(A + B) = tr(A) + tr(B)"` 对应 `True`：对角线逐项相加。
# `^T` 是转置，`^-1` 是逆。答案直接写下，或让程序去试，都行。
# 查完第 6 页再回答：给乘积求转置或求逆时，为什么总要颠倒顺序？
# %% [markdown] lang="en"
# ### Exercise · which identities hold? · 15 min
#
# “The Matrix Cookbook” (Petersen and Pedersen, in English, free on the web) lists hundreds of formulas for matrices; page 6 has the most common ones. Below are twelve, some true and some false.
# Guess first, then try random $3 \times 3$ matrices: what is false is caught at once, and what holds every time is rarely false, though that is no proof. But take no special matrices: with diagonal ones even $AB = BA$ holds every time.
# Return a dictionary: for each of `IDENTITIES`, `True` (it holds for all invertible $A, B, C$) or `False`. For example, `"tr(A + B) = tr(A) + tr(B)"` is `True`: the diagonals add entry by entry.
# `^T` is the transpose, `^-1` the inverse. Write the answers down, or let a program try them.
# After page 6, say: why is the order always reversed when a product is transposed or inverted?
# %% exercise="identities" difficulty=2 importance=3 minutes=15
IDENTITIES = [
    "tr(A + B) = tr(A) + tr(B)",
    "tr(AB) = tr(A) tr(B)",
    "tr(ABC) = tr(BCA)",
    "tr(ABC) = tr(ACB)",
    "(AB)^T = A^T B^T",
    "(AB)^-1 = B^-1 A^-1",
    "(A + B)^-1 = A^-1 + B^-1",
    "(A^-1)^T = (A^T)^-1",
    "det(AB) = det(A) det(B)",
    "det(A + B) = det(A) + det(B)",
    "det(2A) = 2 det(A)",
    "det(A^-1) = 1 / det(A)",
]


def identities() -> dict[str, bool]:
    """For each of IDENTITIES, whether it holds for all invertible 3x3 matrices A, B, C."""
    # solution
    false = {1, 3, 4, 6, 9, 10}
    return {identity: i not in false for i, identity in enumerate(IDENTITIES)}


if __name__ == "__main__":
    if tests.test_identities(identities):
        worst = {"tr(ABC) - tr(BCA)": 0.0, "tr(ABC) - tr(ACB)": 0.0}
        for _ in range(100):
            A, B, C = torch.randn(3, 3, 3, dtype=torch.float64)
            for key, other in zip(worst, (B @ C @ A, A @ C @ B), strict=True):
                worst[key] = max(worst[key], abs(float((A @ B @ C).trace() - other.trace())))
        print({key: f"{value:.1e}" for key, value in worst.items()})

# %% [markdown] lang="zh" tags=["hint"]
# 写几行就能试：`A, B, C = torch.randn(3, 3, 3)`，两边相减。
# %% [markdown] lang="en" tags=["hint"]
# A few lines try one: `A, B, C = torch.randn(3, 3, 3)`, then subtract the sides.
# %% [markdown] lang="zh" tags=["hint"]
# 先穿袜子，再穿鞋；脱的时候呢？迹里的矩阵可以轮换，首尾相接转一圈，却不能任意调换。$2A$ 在三个方向上都放大一倍：体积呢？
# %% [markdown] lang="en" tags=["hint"]
# You put on socks, then shoes; and to take them off? In a trace, matrices may go round in a circle, but not change places at will. $2A$ doubles each of three directions: and the volume?
# %% [markdown] lang="zh" numbers="3 1"
# ### 不变的方向
#
# 一般的箭头经过 $A$，方向就变了；有些箭头（零向量不算）只是伸缩或掉头，还在自己那条线上，它们叫特征向量（eigenvector），伸缩的倍数叫特征值（eigenvalue），掉头时是负的：$A v = \lambda v$，$\lambda$ 读作“兰姆达”。
# $A$ 的两行是 $(2, 1)$ 和 $(1, 2)$：$(1, 1)$ 变成 $(3, 3)$，特征值 3；$(1, -1)$ 变成 $(1, -1)$，特征值 1；$(1, 0)$ 变成 $(2, 1)$，方向变了，不是特征向量。
# 迹是特征值之和，$2 + 2 = 3 + 1$；行列式是特征值之积，$4 - 1 = 3 \cdot 1$：特征向量够多时，换到它们那种语言，矩阵只剩对角线，一看便知。
# 迹换了语言为什么不变？把 $AP$ 看成一个矩阵：$\mathrm{tr}(P^{-1} \cdot AP) = \mathrm{tr}(AP \cdot P^{-1}) = \mathrm{tr}(A)$。三个矩阵也一样，排头的可以移到最后：$\mathrm{tr}(ABC) = \mathrm{tr}(BCA) = \mathrm{tr}(CAB)$；后两个对调成 $ACB$，一般却是另一个数。
# 三个都对称（等于自己的转置）时，却总是同一个数：转置颠倒乘积的顺序，又不动对角线，于是 $\mathrm{tr}(ABC) = \mathrm{tr}(CBA) = \mathrm{tr}(ACB)$；只用对称矩阵去试，这条假的公式永远露不了馅。
# 迹、行列式、特征值都一样，还不能说两个矩阵相似：$P^{-1} (2I) P = 2I$，换什么语言都是 $2I$，所以两行为 $(2, 1)$ 和 $(0, 2)$ 的矩阵三样都与它相同，却是另一个映射。
# %% [markdown] lang="en" numbers="3 1"
# ### Directions that stay
#
# In general an arrow has another direction after $A$; but some (other than 0) are only stretched, shrunk or reversed and stay on their line: these are the **eigenvectors**, and the factor (negative if reversed) is the **eigenvalue**: $A v = \lambda v$ ($\lambda$ is the letter lambda).
# Let $A$ have the rows $(2, 1)$ and $(1, 2)$: $(1, 1)$ becomes $(3, 3)$, with eigenvalue 3; $(1, -1)$ becomes $(1, -1)$, with eigenvalue 1; $(1, 0)$ becomes $(2, 1)$, another direction, so it is no eigenvector.
# The trace is the sum of the eigenvalues, $2 + 2 = 3 + 1$, and the determinant their product, $4 - 1 = 3 \cdot 1$: with enough eigenvectors, only the diagonal is left in their language, and you can see it.
# Why does another language leave the trace as it is? Take $AP$ as one matrix: $\mathrm{tr}(P^{-1} \cdot AP) = \mathrm{tr}(AP \cdot P^{-1}) = \mathrm{tr}(A)$. With three matrices, too, the one in front may go to the back: $\mathrm{tr}(ABC) = \mathrm{tr}(BCA) = \mathrm{tr}(CAB)$; but swap the last two, $ACB$, and in general it is another number.
# If all three are symmetric (equal to their transposes), it is the same number after all: transposing reverses the order of a product and keeps its diagonal, so $\mathrm{tr}(ABC) = \mathrm{tr}(CBA) = \mathrm{tr}(ACB)$; with symmetric matrices only, you never see the formula fail.
# The same trace, determinant and eigenvalues don't yet make two matrices similar: $P^{-1} (2I) P = 2I$, in every language it is $2I$, so the matrix with rows $(2, 1)$ and $(0, 2)$ agrees in all three but is another map.
# %% [markdown] lang="zh" tags=["question"] see="power_iteration"
# 每个矩阵都有不变的方向吗？想想平面上转四分之一圈；再想想剪切，两行是 $(1, 1)$ 和 $(0, 1)$，它有几个？
# %% [markdown] lang="en" tags=["question"] see="power_iteration"
# Does every matrix have directions that stay? Think of a quarter turn of the plane; and of the shear with rows $(1, 1)$ and $(0, 1)$: how many has that?
# %% [markdown] lang="zh" tags=["answer"]
# 转四分之一圈，每个方向都变了：它的特征值是复数 $\pm i$，没有实的特征向量。
# 剪切只有一条不变的线，就是 $(1, 0)$ 所在的那条，特征值 1 出现两次。
# 对称矩阵（关于对角线对称）不会这样：它的特征值都是实数，特征向量够多，还能选得两两垂直。
# %% [markdown] lang="en" tags=["answer"]
# A quarter turn changes every direction: its eigenvalues are the complex numbers $\pm i$, and it has no real eigenvectors.
# The shear has one line that stays, that of $(1, 0)$, and the eigenvalue 1 twice.
# It can't happen to a symmetric matrix (a mirror image across its diagonal): its eigenvalues are real, and there are enough eigenvectors, which can be chosen perpendicular to each other.
# %%
if __name__ == "__main__":
    A = torch.tensor([[2.0, 1], [1, 2]])
    values, directions = torch.linalg.eigh(A)  # A equals its transpose; the directions are columns of length 1
    print("eigenvalues", [round(v, 4) for v in values.tolist()])
    print("directions, as columns", [[round(v, 3) for v in row] for row in directions.tolist()])
    shear = torch.tensor([[1.0, 1], [0, 1]])
    for name, M in {"quarter turn": turn, "shear": shear}.items():
        print(name, "has the eigenvalues", torch.linalg.eigvals(M).tolist())  # complex numbers; 1j is i
    figures.kept_directions(A).show()


# %% [markdown] lang="zh" numbers="2.83 1.41 7 5"
# ### 份量就是内积
#
# 特征向量的用处：把箭头拆成几份，每份沿一个特征向量，$A$ 只是把每一份乘上自己的 $\lambda$。每一份有多少，怎么求？
# 特征向量若两两垂直、长度都是 1（对称矩阵总能选成这样），一份就是一次内积：箭头在那个方向上的影子有多长（朝反方向就是负的）。
# $d_1 = (1, 1)/\sqrt{2}$，$d_2 = (1, -1)/\sqrt{2}$，箭头 $x = (3, 1)$：份量是 $4/\sqrt{2} \approx 2.83$ 和 $2/\sqrt{2} \approx 1.41$。把方向写成矩阵的列，一次全算出来：`directions.T @ x`。
# 份量各乘 3 和 1，再拼起来：$\frac{12}{\sqrt{2}} d_1 + \frac{2}{\sqrt{2}} d_2 = (6, 6) + (1, -1) = (7, 5)$，正是 $A x$；拼起来就是 `directions @ shares`。
# 做 $k$ 次 $A$，份量就乘 $3^k$ 和 $1^k$：特征值最大的那一份很快盖过其他的。第 4 天的 `part4_optimization` 用这个办法，把梯度下降拆成几个互不相干的一维问题。
# %% [markdown] lang="en" numbers="2.83 1.41 7 5"
# ### Shares are inner products
#
# Eigenvectors are good for this: take an arrow apart into shares, one along each, and $A$ just multiplies each share by its own $\lambda$. How much is a share?
# If the eigenvectors are perpendicular to each other and of length 1 (for a symmetric matrix they can always be chosen so), a share is one inner product: the length of the arrow's shadow in that direction (negative if opposite).
# With $d_1 = (1, 1)/\sqrt{2}$, $d_2 = (1, -1)/\sqrt{2}$ and the arrow $x = (3, 1)$ the shares are $4/\sqrt{2} \approx 2.83$ and $2/\sqrt{2} \approx 1.41$. With the directions as the columns of a matrix, all of them at once are `directions.T @ x`.
# Multiplied by 3 and 1 and put together: $\frac{12}{\sqrt{2}} d_1 + \frac{2}{\sqrt{2}} d_2 = (6, 6) + (1, -1) = (7, 5)$, which is $A x$; putting together is `directions @ shares`.
# After $k$ times $A$ the shares are multiplied by $3^k$ and $1^k$: the share of the largest eigenvalue soon outgrows the others. On day 4 `part4_optimization` takes gradient descent apart in this way, into separate problems of one dimension.
# %% [markdown] lang="zh" tags=["question"] see="change_of_basis"
# 方向不垂直时，内积还是份量吗？上一小节的 $p_1 = (1, 0)$、$p_2 = (1, 1)$ 也是特征向量（属于那里的 $A$），箭头 $(3, 1) = 2 p_1 + 1 p_2$。
# %% [markdown] lang="en" tags=["question"] see="change_of_basis"
# Are inner products still the shares if the directions aren't perpendicular? $p_1 = (1, 0)$ and $p_2 = (1, 1)$ from above are eigenvectors, too (of the $A$ there), and the arrow is $(3, 1) = 2 p_1 + 1 p_2$.
# %% [markdown] lang="zh" tags=["answer"]
# 不是：与 $p_1$ 的内积是 3，份量却是 2，因为 $p_2$ 那一份在 $p_1$ 方向上也有影子，被多算了一次。
# 不垂直时要解方程：`torch.linalg.solve(P, x)`。
# %% [markdown] lang="en" tags=["answer"]
# No: the inner product with $p_1$ is 3 and the share is 2, because the share of $p_2$ casts a shadow in the direction of $p_1$ as well, and is counted there once more.
# Without right angles, solve equations: `torch.linalg.solve(P, x)`.
# %%
if __name__ == "__main__":
    directions, x = torch.tensor([[1.0, 1], [1, -1]]) / math.sqrt(2), torch.tensor([3.0, 1])
    shares = directions.T @ x
    again, stretched = directions @ shares, directions @ (torch.tensor([3.0, 1]) * shares)
    print("shares", [round(s, 2) for s in shares.tolist()], " put together", [round(v, 4) for v in again.tolist()])
    print("times 3 and 1", [round(v, 4) for v in stretched.tolist()], " A x", (A @ x).tolist())
    print("not perpendicular: inner products", (P.T @ x).tolist(), " shares", torch.linalg.solve(P, x).tolist())


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 幂迭代 · 15 分钟
#
# 反复乘 $A$，特征值绝对值最大的那一份会盖过其他的，向量就转向它的方向（没有别的特征值与它绝对值相同才行）。
# 从一个随机向量出发，归一化（除以自己的长度，变成长度 1）；然后恰好 `steps` 次：乘 $A$，再归一化。返回 $v^\top A v$ 和 $v$。`steps` 是 0 时，$v$ 就是归一化的起点。
# 例如两行 $(2, 1)$ 和 $(1, 2)$，60 步以后是 3 和 $\pm(0.707, 0.707)$；符号由起点决定。
# 为什么是 $v^\top A v$（$v$ 与 $Av$ 的内积），而不是 $\lVert Av \rVert$（$Av$ 的长度）？若 $Av = \lambda v$，而 $v$ 长 1，前者就是 $\lambda v^\top v = \lambda$，带着符号，长度没有符号；特征值是 $-4$ 也要答 $-4$。
# 起点用自己的 `torch.Generator` 抽，种子是 `seed`，`torch.randn` 的 `generator` 参数收它；种子不同，起点就不同，全局的随机状态不能动。固定的起点可能恰好缺了要找的那一份（$A$ 对称时，就是与那个方向垂直）：0 再乘也是 0。
# $A$ 不一定对称，最大的元素在 `1e-5` 与 `1e5` 之间；$Av$ 恰好是 0 的情形不考；两个结果的 dtype 与 $A$ 相同；除了 `seed`，起点只许随 $A$ 的大小和 dtype 变，不许随它的值变。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · power iteration · 15 min
#
# Multiply by $A$ again and again: the share whose eigenvalue has the largest absolute value outgrows the others, and the vector turns to its direction (if no other eigenvalue has the same absolute value).
# Start from a random vector, normalised (divided by its length); then exactly `steps` times: multiply by $A$, and normalise. Return $v^\top A v$ and $v$. With 0 `steps`, $v$ is the normalised start.
# For example, the rows $(2, 1)$ and $(1, 2)$ give 3 and $\pm(0.707, 0.707)$ after 60 steps; the sign depends on the start.
# Why $v^\top A v$, the inner product of $v$ and $Av$, and not $\lVert Av \rVert$, the length of $Av$? If $Av = \lambda v$ and $v$ has length 1, the former is $\lambda v^\top v = \lambda$, with its sign, and a length has none; for an eigenvalue of $-4$ the answer must be $-4$.
# Draw the start from a `torch.Generator` of your own, seeded with `seed`, which `torch.randn` takes as its argument `generator`; another seed gives another start, and the global random state stays as it is. A fixed start may have no share in this direction (for a symmetric $A$: be perpendicular to it), and 0 stays 0.
# $A$ need not be symmetric; its largest entry is between `1e-5` and `1e5`, and $Av$ is never exactly 0; both results have the dtype of $A$; apart from `seed`, the start may depend on the size and the dtype of $A$, but not on its values.
# %% exercise="power_iteration" difficulty=3 importance=3 minutes=15
def power_iteration(
    A: Float[Tensor, "n n"], steps: int, seed: int = 0
) -> tuple[Float[Tensor, ""], Float[Tensor, " n"]]:
    """v·Av and v, the unit vector after exactly `steps` multiplications of a random start: eigenvalue and eigenvector.

    With 0 steps v is the start itself, normalised. It is drawn from a generator of its own, seeded with `seed`.
    They converge if one eigenvalue is larger in absolute value than all others. Both have the dtype of A.
    """
    # solution
    v = torch.randn(len(A), generator=torch.Generator().manual_seed(seed)).to(A)
    v = v / v.norm()
    for _ in range(steps):
        v = A @ v
        v = v / v.norm()
    return v @ A @ v, v


if __name__ == "__main__":
    if tests.test_power_iteration(power_iteration):
        errors = {}
        for second in (0.5, 0.9):
            A = torch.diag(torch.tensor([second, 1.0, 0.1], dtype=torch.float64))  # elsewhere 0
            vectors = [power_iteration(A, steps)[1] for steps in range(1, 31)]
            # the angle between v and the second axis
            errors[f"λ₂/λ₁ = {second}"] = [math.atan2(v[[0, 2]].norm(), abs(v[1])) for v in vectors]
        figures.power_path(errors).show()
        eigenvalues = torch.linalg.eigvals(A)
        print(f"tr {float(A.trace()):.3f} = Σλ {float(eigenvalues.sum().real):.3f}")
        print(f"det {float(A.det()):.3f} = Πλ {float(eigenvalues.prod().real):.3f}")

# %% [markdown] lang="zh" tags=["hint"]
# 不归一化会怎样？$2^{200}$ 装得进 float32 吗？
# %% [markdown] lang="en" tags=["hint"]
# What happens without normalising? Does $2^{200}$ fit into a float32?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.Generator().manual_seed(seed)` 是自己的随机源；`.to(A)` 把起点变成 $A$ 的 dtype。
# %% [markdown] lang="en" tags=["hint"]
# `torch.Generator().manual_seed(seed)` is a random source of your own; `.to(A)` gives the start the dtype of $A$.
# %% [markdown] lang="zh" tags=["hint"]
# 循环里只有两步，恰好 `steps` 次；`v @ A @ v` 在循环之后，用最后的 `v`。
# %% [markdown] lang="en" tags=["hint"]
# The loop has two steps and runs exactly `steps` times; `v @ A @ v` comes after it, with the last `v`.
# %% [markdown] lang="zh"
# ## 6 · 秩的用处：瓶颈与压缩
# ### 瓶颈
#
# 一个 $(n, r)$ 的矩阵乘一个 $(r, m)$ 的矩阵，中间只有 $r$ 个数：向量先被右边的矩阵变成 $r$ 个数，左边的矩阵只能用它们来混合自己的 $r$ 列，所以乘积的秩最多是 $r$；随机取数（$r$ 不超过 $n$ 和 $m$），几乎总是恰好 $r$。
# 往下也有限度。设 $A$ 的形状是 $(n, m)$，秩是 $r_A$，$B$ 的形状是 $(m, l)$，秩是 $r_B$：$B$ 的输出有 $r_B$ 维，$A$ 至多压掉其中的 $m - r_A$ 维，所以 $AB$ 的秩至少是 $r_A + r_B - m$。
# 最窄的情形 $r = 1$ 就是外积：$(1, 2)$ 与 $(3, 4)$ 的外积，两行是 $(3, 4)$ 和 $(6, 8)$，第二行是第一行的两倍。
# 省了多少？$100 \times 100$ 的矩阵有一万个数，秩 5 的两个因子只有 $2 \cdot 500 = 1000$ 个。
# %% [markdown] lang="en"
# ## 6 · What rank is good for: bottlenecks and compression
# ### A bottleneck
#
# A matrix of shape $(n, r)$ times one of shape $(r, m)$ has only $r$ numbers in the middle: the right matrix makes $r$ numbers of a vector, the left one can only mix its $r$ columns by them, so the product has rank at most $r$; with random numbers (and $r$ at most $n$ and $m$) almost always exactly $r$.
# There is a lower limit, too. Let $A$ be $(n, m)$, of rank $r_A$, and $B$ $(m, l)$, of rank $r_B$: the outputs of $B$ have $r_B$ dimensions, of which $A$ can flatten at most $m - r_A$, so $AB$ has rank at least $r_A + r_B - m$.
# The narrowest case, $r = 1$, is the outer product: that of $(1, 2)$ and $(3, 4)$ has the rows $(3, 4)$ and $(6, 8)$, the second twice the first.
# How much does it save? A $100 \times 100$ matrix has ten thousand numbers; for rank 5 the two factors have only $2 \cdot 500 = 1000$.
# %%
if __name__ == "__main__":
    for r in (1, 2, 5):
        left, right = torch.randn(100, r), torch.randn(r, 100)
        kept, found = left.numel() + right.numel(), torch.linalg.matrix_rank(left @ right)
        print(f"r = {r}: rank {found}, {kept} numbers for {(left @ right).numel()}")


# %% [markdown] lang="zh"
# ### 练习 · 造一个秩为 r 的矩阵 · 10 分钟
#
# 返回一个随机的 `n` 行 `m` 列、秩恰好是 `r` 的矩阵（float32，行和列都不超过 12；舍入留下的、不到最大者十万分之一的方向不算）；例如 `matrix_of_rank(5, 3, 2, seed=0)` 有五行三列，秩 2。
# `r` 是 0 时全是 0；`n` 或 `m` 可以是 0。`r` 是负数，或者比 `n`、`m` 中较小的还大，没有这样的矩阵，就抛出 `ValueError`。
# 同样的种子给出同样的矩阵，种子不同，每个元素都不同（`r` 为 0 时除外）。两个随机矩阵相乘就够好：个别种子（$12 \times 12$、秩 12 时，大约两百个里一个）碰巧太接近更低的秩，不考。随机数来自自己的 `torch.Generator().manual_seed(seed)`（作为 `torch.randn` 的 `generator` 参数）；PyTorch、NumPy 和 Python 的全局随机状态都不能动。
# %% [markdown] lang="en"
# ### Exercise · a matrix of rank r · 10 min
#
# Return a random matrix (float32) of `n` rows and `m` columns (at most 12 of each) whose rank is exactly `r`; directions that rounding leaves, smaller than a hundred-thousandth of the largest, don't count; `matrix_of_rank(5, 3, 2, seed=0)`, for example, has five rows, three columns, and rank 2.
# For `r` 0 it is all zeros; `n` or `m` may be 0. If `r` is negative, or more than the smaller of `n` and `m`, there is no such matrix: raise `ValueError`.
# The same seed gives the same matrix, and another seed changes every entry (unless `r` is 0). The product of two random matrices is good enough: a rare seed (about one in two hundred for $12 \times 12$ and rank 12) that comes too close to a lower rank isn't judged. Random numbers come from a `torch.Generator().manual_seed(seed)` of your own (for `torch.randn`, its argument `generator`); the global random states of PyTorch, NumPy and Python stay as they are.
# %% exercise="matrix_of_rank" difficulty=2 importance=3 minutes=10
def matrix_of_rank(n: int, m: int, r: int, seed: int) -> Float[Tensor, "n m"]:
    """A random n by m matrix of rank r; ValueError if there is none of this rank.

    The same seed gives the same matrix; another seed changes every entry (unless r is 0).
    """
    # solution
    if not 0 <= r <= min(n, m):
        raise ValueError(f"a {n} by {m} matrix of rank {r}: the rank is between 0 and {min(n, m)}")
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, r, generator=generator) @ torch.randn(r, m, generator=generator)


if __name__ == "__main__":
    if tests.test_matrix_of_rank(matrix_of_rank) and tests.test_rank(rank):
        A, B = matrix_of_rank(8, 6, 5, seed=0), matrix_of_rank(6, 9, 4, seed=1)
        print(f"rank A {rank(A)}, rank B {rank(B)}, rank AB {rank(A @ B)}: between {5 + 4 - 6} and {min(5, 4)}")
        nilpotent = torch.tensor([[0.0, 1], [0, 0]])  # the name for a matrix of which some power is 0
        print("rank A =", rank(nilpotent), "and rank A² =", rank(nilpotent @ nilpotent))

# %% [markdown] lang="zh" tags=["hint"]
# 哪两个形状相乘，中间只有 `r` 维？
# %% [markdown] lang="en" tags=["hint"]
# Which two shapes, multiplied, have only `r` dimensions in the middle?
# %% [markdown] lang="zh" tags=["hint"]
# 先检查 `r` 的范围，再抽；两个因子从同一个生成器里先后抽出来。`r` 是 0 时，乘积会是什么？
# %% [markdown] lang="en" tags=["hint"]
# Check the range of `r` first, then draw; one generator draws both factors, one after the other. For `r` 0, what is the product?
# %% [markdown] lang="zh" tags=["question"] see="matrix_of_rank"
# $A$ 的形状是 $(n, m)$，$B$ 的形状是 $(m, l)$：$AB$ 的秩最大是多少？两个秩为 1 的矩阵，乘积的秩可能是 0 吗？
# %% [markdown] lang="en" tags=["question"] see="matrix_of_rank"
# $A$ has shape $(n, m)$ and $B$ has $(m, l)$: what is the largest rank of $AB$? Can two matrices of rank 1 have a product of rank 0?
# %% [markdown] lang="zh" tags=["answer"]
# $\mathrm{rank}(AB) \le \min(\mathrm{rank} A, \mathrm{rank} B) \le \min(n, m, l)$：先经过 $B$ 再经过 $A$，哪一步丢掉的维数都找不回来。
# 下界是 $\mathrm{rank} A + \mathrm{rank} B - m$（或 0）；可能是 0：$A = \begin{pmatrix} 0 & 1 \\ 0 & 0 \end{pmatrix}$ 的秩是 1，而 $A^2 = 0$，因为它能到的地方，正好是它压扁的方向。
# 处理文字的大模型里有许多这样的瓶颈：两个宽度上千的矩阵相乘，中间只有几十到一百多维，于是每一处只读写一个低维的部分。
# %% [markdown] lang="en" tags=["answer"]
# $\mathrm{rank}(AB) \le \min(\mathrm{rank} A, \mathrm{rank} B) \le \min(n, m, l)$: you pass $B$ first, then $A$, and no dimension lost on the way comes back.
# From below it is $\mathrm{rank} A + \mathrm{rank} B - m$ (or 0); it can be 0: $A = \begin{pmatrix} 0 & 1 \\ 0 & 0 \end{pmatrix}$ has rank 1, but $A^2 = 0$, since what it can reach is just what it flattens.
# Large language models have many such bottlenecks: two matrices, thousands wide, with only some dozens or a little over a hundred dimensions between them, so that each place reads and writes only a part of few dimensions.
# %% [markdown] lang="zh" numbers="6.71 2.24 1.5 4.5"
# ### 奇异值分解：旋转、拉伸、再旋转
#
# 不是每个矩阵都有（实的）特征向量，也只有方阵才谈得上。有一个问题却总有答案：哪些互相垂直的方向，经过 $A$ 以后*仍然*互相垂直？
# 奇异值分解（singular value decomposition，SVD）说：任何矩阵都是 $A = U S V^\top$，先旋转（$V^\top$），再沿坐标轴拉伸（$S$），再旋转（$U$）；旋转也可能带着翻面；$A$ 不是方阵时，$S$ 还要添上或去掉几个坐标。
# 拉伸的倍数 $\sigma_1 \ge \sigma_2 \ge \dots \ge 0$ 叫奇异值（singular value），其中不为 0 的个数就是秩。
#
# $A$ 的两行是 $(3, 0)$ 和 $(4, 5)$：特征值是 3 和 5，奇异值却是 $\sqrt{45} \approx 6.71$ 和 $\sqrt{5} \approx 2.24$。两者不是一回事；这里只有乘积相同，$3 \cdot 5 = 15 = \sqrt{45} \cdot \sqrt{5}$，因为面积只有一个。
# 乘开又是外积之和：$A = \sum_i \sigma_i u_i v_i^\top$。第一项的两行是 $(1.5, 1.5)$ 和 $(4.5, 4.5)$，第二项的是 $(1.5, -1.5)$ 和 $(-0.5, 0.5)$，加起来就是 $A$。
# %% [markdown] lang="en" numbers="6.71 2.24 1.5 4.5"
# ### Singular values: rotate, stretch, rotate
#
# Not every matrix has (real) eigenvectors, and only square ones can. But one question always has an answer: which perpendicular directions are *still* perpendicular after $A$?
# The **singular value decomposition** (SVD) says: every matrix is $A = U S V^\top$, first a rotation ($V^\top$), then a stretch along the axes ($S$), then a rotation ($U$); a rotation may also turn space over, and $S$ adds or drops coordinates if $A$ isn't square.
# The factors of the stretch, $\sigma_1 \ge \sigma_2 \ge \dots \ge 0$, are the **singular values**, and how many aren't 0 is the rank.
#
# Let $A$ have the rows $(3, 0)$ and $(4, 5)$: the eigenvalues are 3 and 5, but the singular values are $\sqrt{45} \approx 6.71$ and $\sqrt{5} \approx 2.24$. Only the products agree, $3 \cdot 5 = 15 = \sqrt{45} \cdot \sqrt{5}$, since there is only one area.
# Multiplied out it is a sum of outer products again: $A = \sum_i \sigma_i u_i v_i^\top$. The first term has the rows $(1.5, 1.5)$ and $(4.5, 4.5)$, the second $(1.5, -1.5)$ and $(-0.5, 0.5)$, and they add up to $A$.
# %%
if __name__ == "__main__":
    A = torch.tensor([[3.0, 0], [4, 5]])
    U, S, Vh = torch.linalg.svd(A)  # Vh is V transposed: its rows are the v
    print("singular values", [round(s, 2) for s in S.tolist()], " eigenvalues", torch.linalg.eigvals(A).real.tolist())
    print("first term", [[round(v, 4) for v in row] for row in (S[0] * torch.outer(U[:, 0], Vh[0])).tolist()])
    figures.turn_stretch_turn(A).show()


# %% [markdown] lang="zh"
# 只留前几项，就是压缩：下图把一张 72 行 108 列的图，分别用 1、5、20 项拼出来。
# 留前 $k$ 项得到的 $A_k$，在所有秩不超过 $k$ 的矩阵里离 $A$ 最近；误差的平方，恰好是丢掉的奇异值的平方和：$\lVert A - A_k \rVert_F^2 = \sum_{i>k} \sigma_i^2$，其中 $\lVert \cdot \rVert_F$ 是所有元素平方和的平方根。这叫 Eckart–Young 定理。奇异值掉得越快，丢掉的越少；行与行相似的图就是这样。
# 在上面的例子里只留第一项，丢掉的是 $\pm 1.5$ 和 $\pm 0.5$，平方和 $2.25 + 2.25 + 0.25 + 0.25 = 5 = \sigma_2^2$。
# %% [markdown] lang="en"
# Keep only the first few terms, and you compress: the figure puts a picture of 72 rows and 108 columns together from 1, 5 and 20 of them.
# The first $k$ terms, $A_k$, are the closest to $A$ of all matrices of rank at most $k$; the square of the error is just the sum of squares of the singular values left out: $\lVert A - A_k \rVert_F^2 = \sum_{i>k} \sigma_i^2$, where $\lVert \cdot \rVert_F$ is the root of the sum of the squares of all entries. This is the Eckart–Young theorem. The faster the singular values fall, the less is left out; that is so for a picture whose rows are alike.
# In the example above the first term leaves out $\pm 1.5$ and $\pm 0.5$, with squares $2.25 + 2.25 + 0.25 + 0.25 = 5 = \sigma_2^2$.
# %%
if __name__ == "__main__":
    figures.rebuilt((1, 5, 20)).show()


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 低秩近似 · 15 分钟
#
# 返回 $A_k$，即前 $k$ 项之和；$k$ 至少是 0：0 给出全 0 的矩阵，$k$ 大到够用时就是 $A$ 自己（误差是舍入）。留下的最小的奇异值若等于丢掉的最大的，最近的矩阵就不止一个，哪个都行，不考。
# 例如两行 $(0, 3, 0)$ 和 $(0, 0, 2)$，$k = 1$：留下 3，两行是 $(0, 3, 0)$ 和 $(0, 0, 0)$。
# `torch.linalg.svd` 可以用，它的结果从大到小排好了；加上 `full_matrices=False`，高的、扁的矩阵也只给出用得着的那几列。
# 第 5 天的 `part5_vaes` 问：网络能不能压缩得更好？
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · low rank · 15 min
#
# Return $A_k$, the sum of the first $k$ terms; $k$ is at least 0: 0 gives a matrix of zeros, and if $k$ is large enough it is $A$ itself (up to rounding). If the smallest singular value kept equals the largest left out, several matrices are closest: this isn't judged.
# For example, for the rows $(0, 3, 0)$ and $(0, 0, 2)$ and $k = 1$, the 3 stays: rows $(0, 3, 0)$ and $(0, 0, 0)$.
# `torch.linalg.svd` is allowed, and sorts from the largest down; with `full_matrices=False` it gives only the columns that are needed, for tall and wide matrices, too.
# On day 5 `part5_vaes` asks whether a network compresses better.
# %% exercise="low_rank" difficulty=2 importance=3 minutes=15
def low_rank(A: Float[Tensor, "n m"], k: int) -> Float[Tensor, "n m"]:
    """The matrix of rank at most k that is closest to A; A itself if k is large enough."""
    # solution
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    return U[:, :k] * S[:k] @ Vh[:k]


if __name__ == "__main__":
    if tests.test_low_rank(low_rank):
        picture = figures.landscape()
        versions = {k: low_rank(picture, k) for k in (1, 2, 5, 10, 20, 40, 72)}
        errors = {k: float((picture - version).norm() / picture.norm()) for k, version in versions.items()}
        figures.compression(versions, errors).show()
        tail = torch.linalg.svdvals(picture)[5:].square().sum()
        print(f"rank 5: error² {float((picture - versions[5]).square().sum()):.3f} = the tail's σ² {float(tail):.3f}")

# %% [markdown] lang="zh" tags=["hint"]
# 三样东西，各取哪一部分？`Vh` 已经转置过，$v_i^\top$ 是它的行还是列？
# %% [markdown] lang="en" tags=["hint"]
# Which part of each of the three things do you keep? `Vh` is transposed already: is $v_i^\top$ a row or a column of it?
# %% [markdown] lang="zh" tags=["hint"]
# 切片比循环短：`k` 超出长度时，切片给多少算多少。拉伸一步，是让每一列乘上自己的 $\sigma$：广播。
# %% [markdown] lang="en" tags=["hint"]
# Slices are shorter than a loop, and give what there is if `k` is too large. The stretch multiplies each column by its own $\sigma$, which broadcasting does.
# %% [markdown] lang="zh"
# ## 7 · 矩阵的种类
#
# 知道矩阵是哪一种，就知道有哪些定理可用；这一节的四个练习选做。
# 对称矩阵等于自己的转置，$A = A^\top$：两行 $(2, 1)$ 和 $(1, 2)$。它的特征值是实数，特征向量能选得两两垂直。
# 任何方阵都是一个对称矩阵与一个反对称（antisymmetric）矩阵之和，后者的转置等于自己的相反数：$\frac12 (A + A^\top) + \frac12 (A - A^\top)$；两行 $(2, 5)$ 和 $(1, 4)$，就是 $(2, 3)$、$(3, 4)$ 加上 $(0, 2)$、$(-2, 0)$。
# 正交（orthogonal）的意思是互相垂直；正交矩阵是方阵，各列两两垂直，长度都是 1，于是保持所有的长度和角度。$Q^\top Q$ 的每个元素，是两列的内积，所以正交就是 $Q^\top Q = I$。
# 核对两行 $(0.6, -0.8)$ 和 $(0.8, 0.6)$：两列长度的平方都是 $0.36 + 0.64 = 1$，内积 $-0.48 + 0.48 = 0$。
# 正交矩阵的行列式只能是 1 或 $-1$：1 是旋转，$-1$ 翻了面，例如照镜子。
# %% [markdown] lang="en"
# ## 7 · Kinds of matrices
#
# The kind of a matrix tells which theorems you may use; the exercises of this section are optional.
# A symmetric matrix equals its transpose, $A = A^\top$: rows $(2, 1)$ and $(1, 2)$, for example. Its eigenvalues are real, and its eigenvectors can be chosen perpendicular.
# Every square matrix is a symmetric one plus an **antisymmetric** one, whose transpose is minus itself: $\frac12 (A + A^\top) + \frac12 (A - A^\top)$; the rows $(2, 5)$ and $(1, 4)$ are $(2, 3)$ and $(3, 4)$ plus $(0, 2)$ and $(-2, 0)$.
# **Orthogonal** means at right angles; an orthogonal matrix is square, its columns are perpendicular to each other and of length 1, and so it keeps all lengths and angles. The entries of $Q^\top Q$ are the inner products of columns, so orthogonal means $Q^\top Q = I$.
# Check the rows $(0.6, -0.8)$ and $(0.8, 0.6)$: squared length of each column $0.36 + 0.64 = 1$, inner product $-0.48 + 0.48 = 0$.
# The determinant of an orthogonal matrix can only be 1 or $-1$: 1 is a rotation, and $-1$ turns space over, as a mirror does.
# %% [markdown] lang="zh" tags=["question"] see="is_rotation"
# 行列式是 1 的矩阵，一定是旋转吗？列两两垂直的方阵，一定正交吗？各找一个反例，用上面的定义核对。
# %% [markdown] lang="en" tags=["question"] see="is_rotation"
# Is a matrix of determinant 1 always a rotation? Is a square matrix with perpendicular columns always orthogonal? Find a counterexample for each, and check it by the definitions above.
# %% [markdown] lang="zh" tags=["answer"]
# 都不一定。
# 剪切，两行 $(1, 0.7)$ 和 $(0, 1)$，行列式是 1，却改变角度。
# 两行 $(1, 1)$ 和 $(-1, 1)$，列互相垂直，长度却是 $\sqrt{2}$：它旋转，也放大。
# %% [markdown] lang="en" tags=["answer"]
# Neither.
# The shear with rows $(1, 0.7)$ and $(0, 1)$ has determinant 1 but changes angles.
# The rows $(1, 1)$ and $(-1, 1)$ have perpendicular columns, of length $\sqrt{2}$: it turns, and enlarges as well.
# %%
if __name__ == "__main__":
    kinds = {
        "turn": [[0.6, -0.8], [0.8, 0.6]],
        "mirror": [[0.0, 1], [1, 0]],
        "shear": [[1.0, 0.7], [0, 1]],
        "turn and enlarge": [[1.0, 1], [-1, 1]],
    }
    for name, rows in kinds.items():
        M = torch.tensor(rows)
        products = [[round(v, 2) for v in row] for row in (M.T @ M).tolist()]
        print(f"{name:16} det {M.det():5.2f}  products of the columns {products}")


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 对称 · 5 分钟
#
# 矩阵是不是等于自己的转置？每个元素与它的镜像相差不超过 `atol`（恰好等于 `atol` 也算）就是；误差是绝对的，不看元素大小；考到恰好相等的地方没有舍入。不是方阵就不是。返回 Python 的 `True` 或 `False`。
# 例如两行 $(1, 2)$ 和 $(2, 5)$ 是，$(0, 2)$ 和 $(-2, 0)$ 不是：各处的差不能互相抵消。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · symmetric? · 5 min
#
# Does a matrix equal its transpose? It does if every entry differs from its mirror image by at most `atol` (exactly `atol` is enough), whatever the entry's size; where equality is tested, nothing is rounded. One that is not square doesn't. Return Python's `True` or `False`.
# For example, the rows $(1, 2)$ and $(2, 5)$ do, $(0, 2)$ and $(-2, 0)$ don't: differences must not cancel.
# %% exercise="is_symmetric" difficulty=1 importance=2 minutes=5
def is_symmetric(A: Float[Tensor, "n m"], atol: float = 1e-5) -> bool:
    """Whether A equals its transpose, each entry up to `atol` (at most, and whatever the entry's size).

    A matrix that is not square doesn't.
    """
    # solution
    return A.shape[0] == A.shape[1] and bool(((A - A.T).abs() <= atol).all())


if __name__ == "__main__":
    tests.test_is_symmetric(is_symmetric)


# %% [markdown] lang="zh" tags=["hint"]
# 先问是不是方阵：不同的形状不能相减，或者更糟，会广播；`bool(…)` 把一个元素的张量变成 Python 的真假值。
# %% [markdown] lang="en" tags=["hint"]
# Ask first whether it is square: unequal shapes can't be subtracted, or worse, they broadcast; `bool(…)` makes a Python truth value of a tensor with one element.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 正交 · 5 分钟
#
# $Q$ 是不是方阵，而且 $Q^\top Q = I$，每个元素的误差不超过 `atol`（恰好等于 `atol` 也算，误差不互相抵消；除了 `atol` 没有别的宽限，考到恰好相等的地方没有舍入）？返回 Python 的真假值。
# 例如两行 $(0, 1)$ 和 $(1, 0)$ 是；三行两列的不是，哪怕列两两垂直、长度为 1。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · orthogonal? · 5 min
#
# Is $Q$ square with $Q^\top Q = I$, each entry up to `atol` (exactly `atol` is enough, errors don't cancel, nothing is allowed beyond `atol`, and where equality is tested nothing is rounded)? Return a Python truth value.
# For example, the rows $(0, 1)$ and $(1, 0)$ are; a matrix of three rows and two columns isn't, even with perpendicular columns of length 1.
# %% exercise="is_orthogonal" difficulty=1 importance=2 minutes=5
def is_orthogonal(Q: Float[Tensor, "n m"], atol: float = 1e-5) -> bool:
    """Whether Q is square and its transpose is its inverse, each entry of the product up to `atol`."""
    # solution
    return Q.shape[0] == Q.shape[1] and bool(((Q.T @ Q - torch.eye(len(Q)).to(Q)).abs() <= atol).all())


if __name__ == "__main__":
    tests.test_is_orthogonal(is_orthogonal)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.eye(len(Q)).to(Q)` 是同样 dtype 的单位矩阵；比较的办法与上一题相同。
# %% [markdown] lang="en" tags=["hint"]
# `torch.eye(len(Q)).to(Q)` is the identity of the same dtype; compare as in the last exercise.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 旋转 · 5 分钟
#
# 是不是正交（误差不超过 `atol`，与上一题相同），而且没有翻面？前面写的函数可以用，现成的行列式也可以用。
# 例如两行 $(0, -1)$ 和 $(1, 0)$ 是，$(1, 0)$ 和 $(0, -1)$ 不是；一行一列的 1 是，$-1$ 不是。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · a rotation? · 5 min
#
# Is a matrix orthogonal (up to `atol`, as in the last exercise), and does it not turn space over? You may use your earlier functions, or a ready-made determinant.
# For example, the rows $(0, -1)$ and $(1, 0)$ are, $(1, 0)$ and $(0, -1)$ aren't; the one by one matrix 1 is, and $-1$ isn't.
# %% exercise="is_rotation" difficulty=2 importance=2 minutes=5
def is_rotation(R: Float[Tensor, "n m"], atol: float = 1e-5) -> bool:
    """Whether R is orthogonal, up to `atol`, and keeps orientation."""
    # solution
    return is_orthogonal(R, atol) and bool(determinant(R) > 0)


if __name__ == "__main__":
    tests.test_is_rotation(is_rotation)


# %% [markdown] lang="zh" tags=["hint"]
# 两个条件，哪个先查？不是方阵时，行列式会怎样？
# %% [markdown] lang="en" tags=["hint"]
# There are two conditions; which do you check first? What does a determinant do if the matrix isn't square?
# %% [markdown] lang="zh" tags=["hint"]
# 正交之后，行列式只有两种可能，看符号就够了；与 1 比较，`atol` 大时反而会错。
# %% [markdown] lang="en" tags=["hint"]
# Once it is orthogonal, only two determinants are possible, and the sign tells them apart; a comparison with 1 would go wrong for a large `atol`.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 平面旋转 · 10 分钟
#
# 返回把平面逆时针转 $\theta$ 弧度的矩阵（整圈是 $2\pi$ 弧度）；`theta` 是没有轴的张量，可正可负，也可以超过一圈。
# $e_1$ 转到 $(\cos\theta, \sin\theta)$；$e_2$ 在它前面四分之一圈，转到 $(-\sin\theta, \cos\theta)$。例如 $\theta = \pi/2$ 时，两行是 $(0, -1)$ 和 $(1, 0)$（误差是舍入）。
# 梯度要能到达 `theta`：第 1 天的光线追踪在空间里再写一次旋转。`torch.tensor([…])` 会把里面的张量变成普通的数，与计算图断开。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · rotate the plane · 10 min
#
# Return the matrix that turns the plane anticlockwise by $\theta$ radians (a full turn is $2\pi$ radians); `theta` is a tensor without axes, positive or negative, and may be more than a full turn.
# $e_1$ turns to $(\cos\theta, \sin\theta)$; $e_2$ is a quarter turn ahead, at $(-\sin\theta, \cos\theta)$. For example, $\theta = \pi/2$ gives the rows $(0, -1)$ and $(1, 0)$ (up to rounding).
# Gradients must reach `theta`: on day 1, in ray tracing, you write a rotation again, in space. `torch.tensor([…])` makes plain numbers of the tensors in it, cut off from the graph.
# %% exercise="rotation_2d" difficulty=2 importance=3 minutes=10
def rotation_2d(theta: Float[Tensor, ""]) -> Float[Tensor, "2 2"]:
    """The matrix that turns the plane by theta radians; gradients reach theta."""
    # solution
    cos, sin = theta.cos(), theta.sin()
    return torch.stack([cos, -sin, sin, cos]).reshape(2, 2)


if __name__ == "__main__":
    if tests.test_rotation_2d(rotation_2d) and tests.test_is_rotation(is_rotation):
        quarter = rotation_2d(torch.tensor(math.tau / 4))
        print("a rotation:", is_rotation(quarter), " its eigenvalues:", torch.linalg.eigvals(quarter).tolist())

# %% [markdown] lang="zh" tags=["hint"]
# 两列是两个基向量的去处；写成两行时，负号在哪里？
# %% [markdown] lang="en" tags=["hint"]
# The two columns are where the basis vectors go; written as rows, where is the minus sign?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.stack` 把四个没有轴的张量拼起来，梯度也留着；再改成两行两列。
# %% [markdown] lang="en" tags=["hint"]
# `torch.stack` puts four tensors without axes together and keeps the gradient; then make two rows and two columns.
# %% [markdown] lang="zh" tags=["question"] see="rotation_2d"
# 不看前文，用“基向量去哪里”解释：为什么 $\det(AB) = \det A \det B$；为什么秩不超过列数；矩阵在特征向量那种语言里为什么只有对角线；没有 ReLU 的网络为什么只有一层。
# %% [markdown] lang="en" tags=["question"] see="rotation_2d"
# Without looking back, explain by “where do the basis vectors go”: why $\det(AB) = \det A \det B$; why the rank is at most the number of columns; why in the language of its eigenvectors a matrix has only a diagonal; why a net without ReLU is one layer.
# %% [markdown] lang="zh" tags=["answer"]
# $B$ 把单位正方形变成面积 $\det B$ 的图形，$A$ 再乘上 $\det A$。
# 输出都由各列（基向量的去处）混合而成，$m$ 列混不出超过 $m$ 维。
# 特征向量作基向量时，每个都只到自己的倍数，别的坐标是 0。
# 几个映射接起来，每个基向量仍只有一个去处，记下它就是一个矩阵；加上偏置，也只多一个平移。
# %% [markdown] lang="en" tags=["answer"]
# $B$ makes a region of area $\det B$ of the unit square, and $A$ multiplies it by $\det A$.
# All outputs are mixtures of the columns, where the basis vectors go, and $m$ columns can't mix more than $m$ dimensions.
# If the basis vectors are eigenvectors, each goes to a multiple of itself, and its other coordinates are 0.
# After several maps each basis vector still ends in one place, and writing that down is one matrix; biases only add one shift.
# %% [markdown] lang="zh"
# ## 这一课的零件，以后在哪里用
# - 网络、ReLU、初始化：第 2 天的 `part2_cnns` 和 `part2_resnets`，写成模块，真的训练。
# - `gradient_norms`：第 3 天的 `part3_backprop`，你亲手算出这些梯度。
# - `ablate` 和那本记录：第 2 天的 `part2_features`，第 4 天的 `part4_experiments`。
# - 行列式、旋转：第 1 天的 `part1_raytracing`。
# - 特征向量：第 4 天的 `part4_optimization`；奇异值分解：第 5 天的 `part5_vaes`。
# - 下一课 `part0_chance` 讲概率、导数和信息。
# %% [markdown] lang="en"
# ## Where the pieces of this lesson come back
# - Networks, ReLU, initialisation: in `part2_cnns` and `part2_resnets` on day 2, as modules that are really trained.
# - `gradient_norms`: in `part3_backprop` on day 3 you compute these gradients yourself.
# - `ablate` and its log: in `part2_features` on day 2 and `part4_experiments` on day 4.
# - Determinants and rotations: in `part1_raytracing` on day 1.
# - Eigenvectors: in `part4_optimization` on day 4; singular values: in `part5_vaes` on day 5.
# - The next lesson, `part0_chance`, is about probability, derivatives and information.
