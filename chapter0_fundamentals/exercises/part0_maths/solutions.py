# %% [markdown] lang="zh" order=3
# # 第 0 天 · 数学：网络与矩阵
#
# 神经网络是用几样老东西搭起来的：矩阵、导数、概率。
# 在这里，定理不用背：把它写成几行程序，让数字来作证。
#
# 写完一个练习，它下面的测试就会开口；卡住了，运行 `coach hint xor_weights`。
# 自测题先自己答，再用 `coach questions` 看我们的答案，给自己打分。
#
# 没有另外说明时，每个函数都守这几条：不改动传入的东西；再调用一次，结果一样；输入的内存不连续也行；进来是 `float64`，出去也是 `float64`。
# 怎么写都行，除非题目说不能用什么。
# %% [markdown] lang="en"
# # Day 0 · maths: networks and matrices
#
# Neural networks are built from a few old things: matrices, derivatives, probability.
# Here no theorem is learnt by heart: you write it in a few lines, and let numbers be the witness.
#
# Once an exercise is written, the test beneath it speaks; if you are stuck, run `coach hint xor_weights`.
# Answer a self-check question yourself first; `coach questions` then shows our answer, and you mark your own.
#
# Unless an exercise says otherwise, every function keeps these rules: its inputs stay as they were; a second call gives the same; an input may be non-contiguous in memory; what gets `float64` gives `float64`.
# Write it in any way you like, except where an exercise rules something out.
# %%
import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from part0_maths import figures, tests


# %% [markdown] lang="zh"
# ## 1 · 神经网络
#
# XOR 是最小的难题：两个输入恰有一个是 1 时，答案才是 1。
# 先看直线能做到哪一步：试遍一万五千多条线性规则，最好的一条能答对四个点中的几个？
# %% [markdown] lang="en"
# ## 1 · Neural networks
#
# XOR is the smallest hard problem: the answer is 1 when exactly one of two inputs is.
# First see how far a line gets: among more than fifteen thousand linear rules, how many of the four points does the best one get right?
# %%
def best_linear_rule(inputs: Float[Tensor, "n 2"], labels: Float[Tensor, " n"]) -> int:
    """The most points that any rule `w1 x1 + w2 x2 + b > 0` of a fine grid gets right."""
    grid = torch.linspace(-2, 2, 25)
    rules = torch.cartesian_prod(grid, grid, grid)
    answers = (rules[:, :2] @ inputs.T + rules[:, 2:]) > 0
    return int((answers == labels.bool()).sum(dim=1).max())


if __name__ == "__main__":
    corners = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    xor = torch.tensor([0.0, 1, 1, 0])
    design = torch.cat([corners, torch.ones(4, 1)], dim=1)
    print("linear regression answers", (design @ torch.linalg.lstsq(design, xor[:, None]).solution).flatten())
    print("the best linear rule gets", best_linear_rule(corners, xor), "of 4")


# %% [markdown] lang="zh"
# ### 练习 · 手工解 XOR · 15 分钟
#
# 加一个隐藏层就够了，而且用不着训练：亲手填上权重。
# 网络是 $W_2\,\mathrm{relu}(W_1 x + b_1) + b_2$，隐藏层有两个单元。
# %% [markdown] lang="en"
# ### Exercise · XOR by hand · 15 min
#
# One hidden layer is enough, and needs no training: fill in the weights yourself.
# The net is $W_2\,\mathrm{relu}(W_1 x + b_1) + b_2$, with two hidden units.
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
# 让第一个隐藏单元数一数有几个 1：答案应当随这个数 0、1、2 变成 0、1、0。
# %% [markdown] lang="en" tags=["hint"]
# Let the first hidden unit count the ones: as the count goes 0, 1, 2, the answer must go 0, 1, 0.
# %% [markdown] lang="zh" tags=["hint"]
# 第二个单元只在两个输入都是 1 时才激活（输出不是 0）：它的偏置是多少？要减去它的几倍？
# %% [markdown] lang="en" tags=["hint"]
# The second unit is active (its output is not 0) only when both inputs are 1: which bias does that? And how many times must you take it away?
# %% [markdown] lang="zh" tags=["question"] see="xor_weights"
# 神经网络为什么比线性回归更有表达力？为什么任何线性规则都答不对全部四个 XOR 点？
# %% [markdown] lang="en" tags=["question"] see="xor_weights"
# What makes a neural network more expressive than linear regression? Why can no linear rule get all four XOR points?
# %% [markdown] lang="zh" tags=["answer"]
# 线性回归只能给出一个仿射函数 $w \cdot x + b$：它的分界是一条直线。
# 对仿射函数，$(0,0)$ 与 $(1,1)$ 两处的值之和，必等于 $(0,1)$ 与 $(1,0)$ 两处之和；XOR 却要前两个都低、后两个都高，所以最多对 3 个。
# 层与层之间的非线性先把空间折起来，再切：每个 ReLU 添一道折痕，层数增加，折痕还会叠加。
# %% [markdown] lang="en" tags=["answer"]
# Linear regression has one affine function $w \cdot x + b$ to give: its border is a straight line.
# The values of an affine function at $(0,0)$ and $(1,1)$ add up to those at $(0,1)$ and $(1,0)$; XOR wants the first two low and the last two high, so 3 is the most.
# The nonlinearity between layers folds space before it is cut: each ReLU adds a crease, and further layers fold the folds.
# %% [markdown] lang="zh" tags=["question"] see="xor_weights"
# “神经网络什么都学得会。”这句话在哪里说过了头？
# %% [markdown] lang="en" tags=["question"] see="xor_weights"
# "A neural network can learn anything." Where does this say too much?
# %% [markdown] lang="zh" tags=["answer"]
# 万能逼近定理说的是：在紧集上，足够宽的网络可以任意接近任何连续函数。
# 那是“存在这样的权重”，不是“训练找得到”，也没说要多宽、要多少数据、在别处答得如何。
# 不连续的函数、整个实数轴上的函数，都不在它的承诺之内。
# %% [markdown] lang="en" tags=["answer"]
# The approximation theorem says: on a compact set, a network that is wide enough comes as close as you like to any continuous function.
# That such weights exist is not that training finds them; nor does it say how wide, from how much data, or how well it does elsewhere.
# Discontinuous functions, and functions on the whole real line, are not part of the promise.
# %% [markdown] lang="zh"
# ### 练习 · 多层感知机 · 10 分钟
#
# 同样的网络，任意多层：层与层之间是 ReLU，最后一层之后没有。
# 每行是一个样本，每个权重矩阵的形状是 `(d_out, d_in)`，与 `torch.nn.Linear` 相同。
# %% [markdown] lang="en"
# ### Exercise · a multilayer perceptron · 10 min
#
# The same net with any number of layers: a ReLU between layers, none after the last.
# Each row is a sample, and each weight matrix has the shape `(d_out, d_in)`, as in `torch.nn.Linear`.
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
# 样本是行，权重的行是输出：所以是 `x @ W.T + b`。
# %% [markdown] lang="en" tags=["hint"]
# Samples are rows, and a weight's rows are outputs: so it is `x @ W.T + b`.
# %% [markdown] lang="zh" tags=["hint"]
# 用 `enumerate` 知道现在是第几层；最后一层不经过 `relu`。
# %% [markdown] lang="en" tags=["hint"]
# `enumerate` tells which layer you are at; the last one is spared the `relu`.
# %% [markdown] lang="zh"
# ### 练习 · 梯度与深度 · 20 分钟
#
# 网络深了，靠近输入的层还收得到梯度（gradient）吗？
# `deep_net` 给出一批输入（每行一个样本 $h$）和各层的权重；每一层算 $h \leftarrow f(W h)$，最后一层也不例外，损失是所有输出的平方的平均。
# %% [markdown] lang="en"
# ### Exercise · gradients and depth · 20 min
#
# In a deep net, do the layers next to the input still get a gradient?
# `deep_net` gives a batch (each row is a sample $h$) and the layers' weights; each layer does $h \leftarrow f(W h)$, the last one too, and the loss is the mean of the squares of all outputs.
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
# 先对每个 `W` 调用 `W.requires_grad_()`，再往前算；`getattr(torch, activation)` 就是激活函数。
# %% [markdown] lang="en" tags=["hint"]
# Call `W.requires_grad_()` on each `W` before the forward pass; `getattr(torch, activation)` is the activation.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.autograd.grad(loss, weights)` 一次给出所有梯度，顺序与 `weights` 相同。
# %% [markdown] lang="en" tags=["hint"]
# `torch.autograd.grad(loss, weights)` gives all gradients at once, in the order of `weights`.
# %% [markdown] lang="zh" tags=["question"] see="gradient_norms"
# 与 sigmoid 相比，ReLU 有什么优点？又有什么代价？
# %% [markdown] lang="en" tags=["question"] see="gradient_norms"
# What are the advantages of ReLU over sigmoid, and what is the price?
# %% [markdown] lang="zh" tags=["answer"]
# sigmoid 的导数 $\sigma'(z) = \sigma(z)(1 - \sigma(z))$ 最多是 $1/4$，两端几乎是 0；往回传二十层，就要乘上十九个这样的数，图里的比值只剩大约 $10^{-13}$。
# ReLU 在正的一侧导数恰好是 1，不饱和，配上 He 初始化，梯度的大小能保持住；它也便宜：只是一次比较，没有指数。
# 但它只是缓解梯度消失，并没有根除：权重的尺度选错，照样消失或爆炸；一个单元若对所有输入都是负的，梯度全为 0，就再也不会激活（神经元死亡，dying ReLU）。
# %% [markdown] lang="en" tags=["answer"]
# The sigmoid's derivative $\sigma'(z) = \sigma(z)(1 - \sigma(z))$ is at most $1/4$ and almost 0 at both ends; twenty layers multiply nineteen of them, and the ratio in the figure is down to about $10^{-13}$.
# ReLU's derivative is exactly 1 on its positive side, where it never saturates, and with He's initialisation gradients keep their size; it is cheap: a comparison, no exponential.
# But it mitigates vanishing gradients and does not abolish them: at a wrong scale of weights they vanish or explode all the same, and a unit that is negative for every input has no gradient and is never active again (a dying ReLU).
# %% [markdown] lang="zh"
# ### 练习 · 只有线性层 · 15 分钟
#
# 把激活函数统统拿掉，十层也只是一层：$W_2 (W_1 x + b_1) + b_2$ 仍是一个仿射映射。
# 求出那一层。
# %% [markdown] lang="en"
# ### Exercise · nothing but linear layers · 15 min
#
# Take all activations away, and ten layers are one: $W_2 (W_1 x + b_1) + b_2$ is still an affine map.
# Find that one layer.
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
        print("rank of the collapsed 10x10 layer:", int(torch.linalg.matrix_rank(W)))

# %% [markdown] lang="zh" tags=["hint"]
# 先合并前两层，再与第三层合并：后来的矩阵在左边。
# %% [markdown] lang="en" tags=["hint"]
# Merge the first two layers, then that with the third: the later matrix stands on the left.
# %% [markdown] lang="zh" tags=["hint"]
# 前面积下的偏置，也要经过后一层的矩阵。
# %% [markdown] lang="en" tags=["hint"]
# The bias gathered so far goes through the later matrix too.
# %% [markdown] lang="zh" tags=["question"] see="collapse_linear"
# 一个网络如果只用线性映射，会出什么问题？多加几层有用吗？
# %% [markdown] lang="en" tags=["question"] see="collapse_linear"
# What goes wrong with a network of nothing but linear maps? Do further layers help?
# %% [markdown] lang="zh" tags=["answer"]
# 线性映射的复合还是线性映射：整个网络等于一个矩阵加一个偏置，与线性回归同样解不了 XOR。
# 加层不会增加能表示的函数，反而可能减少：总矩阵的秩不超过最窄一层的宽度。
# （训练的轨迹会变，因为同一个矩阵现在由几个因子相乘而得；能表示的函数却没有变多。）
# %% [markdown] lang="en" tags=["answer"]
# A composition of linear maps is linear: the whole net equals one matrix and one bias, and fails at XOR as linear regression does.
# Layers add nothing that it can represent, and may take away: the rank of the product is at most the width of the narrowest layer.
# (The path of training does change, since one matrix is now a product of several; what can be represented does not grow.)
# %% [markdown] lang="zh"
# ### 练习 · 先实验，后理解 · 20 分钟
#
# 哪一块真的有用？拿掉它，别的都不动，再看结果：这就是消融实验（ablation）。
# 每次只改一项，用同一组随机种子，才能一一对比。
# 运行之前，先在记录里写下你的预测。
# %% [markdown] lang="en"
# ### Exercise · experiment first, understand later · 20 min
#
# Which piece does the work? Take it away, touch nothing else, and look: that is an ablation.
# Change one thing at a time, with the same seeds, so that results can be compared one by one.
# Before you run it, write your prediction into the log.
# %% exercise="ablate" difficulty=2 importance=4 minutes=20
LOG = "question:   {question}\nprediction: {prediction}\nresult:     {result}\nsurprise:   {surprise}"


def ablate(
    experiment: Callable[..., float], settings: dict[str, Any], changes: dict[str, Any], seeds: Iterable[int]
) -> dict[str, list[float]]:
    """The results of `experiment(seed=seed, **settings)`, one per seed: "baseline", then "key=value" for each change.

    `experiment` takes everything by keyword; its results are kept as they are. `seeds` may be walked only once.
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
# `settings | {key: value}` 造一个新字典，不改动原来的。
# %% [markdown] lang="en" tags=["hint"]
# `settings | {key: value}` makes a new dictionary and leaves the old one as it was.
# %% [markdown] lang="zh" tags=["hint"]
# 先把 `seeds` 变成列表：它可能只能走一遍，而每个变体都要从头用它。
# %% [markdown] lang="en" tags=["hint"]
# Make `seeds` a list first: perhaps it can be walked only once, and every variant needs it from the start.
# %% [markdown] lang="zh"
# 做实验的两个小知识。
# 要暂时拿掉几行代码，用块注释的快捷键：Windows 是 Shift+Alt+A，macOS 是 ⇧⌥A，Linux 是 Ctrl+Shift+A。
# 另外，Python 是强类型语言，只不过类型在运行时才检查：下面的加法不会悄悄变成 `"11"` 或 `2`。
# %% [markdown] lang="en"
# Two small facts for experimenters.
# To take some lines out for a while, toggle a block comment: Shift+Alt+A on Windows, ⇧⌥A on macOS, Ctrl+Shift+A on Linux.
# And Python is strongly typed, only dynamically: the sum below does not quietly become `"11"` or `2`.
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
# ## 2 · 线性映射与矩阵
#
# 矩阵不只是一张数表，它是一个动作：把整个平面拉伸、旋转、压扁。
# 拖动滑块，看网格怎样走向 $A$；它的两列，就是两个基向量的去处。
# %% [markdown] lang="en"
# ## 2 · Linear maps and matrices
#
# A matrix is not just a table of numbers: it does something to the plane; it stretches, turns or flattens all of it.
# Move the slider and see the grid go to $A$; its two columns are where the two basis vectors end.
# %%
if __name__ == "__main__":
    figures.grid_map(torch.tensor([[1.0, 1.5], [1.2, -0.4]])).show()


# %% [markdown] lang="zh"
# ### 练习 · 它是线性的吗 · 15 分钟
#
# 线性（linear）是指：对所有向量和所有数，$f(ax + by) = a f(x) + b f(y)$。
# 用随机的向量和数去试；比较时看相对误差，因为 $f$ 的值可能大到一百万，也可能小到百万分之一。
# %% [markdown] lang="en"
# ### Exercise · is it linear? · 15 min
#
# Linear means: for all vectors and all numbers, $f(ax + by) = a f(x) + b f(y)$.
# Try it with random ones; compare by relative error, since the values of $f$ may be as large as a million, or as small as a millionth.
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
# 一次试完两个性质：`f(a * x + b * y)` 与 `a * f(x) + b * f(y)`；用 `torch.randn`，正负都有：只用正数，绝对值也像是线性的。
# %% [markdown] lang="en" tags=["hint"]
# Try both properties at once: `f(a * x + b * y)` against `a * f(x) + b * f(y)`; take `torch.randn`, of both signs: with positive numbers only, the absolute value passes for linear.
# %% [markdown] lang="zh" tags=["hint"]
# 差的最大绝对值，不超过各项最大绝对值的 `1e-4` 倍，就算相等。
# 写成 `if not error <= bound`，NaN 就过不了关：NaN 与任何数比较都是假。
# %% [markdown] lang="en" tags=["hint"]
# Call them equal if the largest absolute difference is at most `1e-4` times the largest absolute value of the terms.
# Write `if not error <= bound`, and NaN doesn't pass: every comparison with NaN is false.
# %% [markdown] lang="zh"
# ### 练习 · 乘积的列 · 10 分钟
#
# $AB$ 的第 $j$ 列，是 $A$ 的各列按 $B$ 的第 $j$ 列混合而成。
# 不用 `@`，也不用 PyTorch 或 NumPy 现成的矩阵乘法（`matmul`、`einsum`、`dot` 之类），按这个意思写出来；怎样循环，由你。
# %% [markdown] lang="en"
# ### Exercise · the columns of a product · 10 min
#
# Column $j$ of $AB$ is a mixture of the columns of $A$, with column $j$ of $B$ as the recipe.
# Write it so, without `@` and without any ready-made product of PyTorch's or NumPy's (`matmul`, `einsum`, `dot` and the like); how you loop is up to you.
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
# `A * B[:, j]` 给 `A` 的每一列乘上它的份量；再沿 `dim=1` 加起来。
# %% [markdown] lang="en" tags=["hint"]
# `A * B[:, j]` gives each column of `A` its share; then sum along `dim=1`.
# %% [markdown] lang="zh"
# ### 练习 · 外积之和 · 10 分钟
#
# 换一种看法：$AB = \sum_k a_k b_k^\top$，其中 $a_k$ 是 $A$ 的列，$b_k^\top$ 是 $B$ 的行。
# 每一项的秩最多是 1；奇异值分解和低秩压缩都由此而来。
# 同样不用现成的矩阵乘法；`torch.outer` 可以用。
# %% [markdown] lang="en"
# ### Exercise · a sum of outer products · 10 min
#
# Seen otherwise: $AB = \sum_k a_k b_k^\top$, where $a_k$ is a column of $A$ and $b_k^\top$ a row of $B$.
# Each term has rank at most 1; the singular value decomposition and low-rank compression grow out of this.
# Again no ready-made product of matrices; `torch.outer` is allowed.
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
# 外积是 `A[:, k, None] * B[k]`，形状 `n l`；从全零开始累加，没有项时也就对了。
# %% [markdown] lang="en" tags=["hint"]
# The outer product is `A[:, k, None] * B[k]`, of shape `n l`; start from a zero matrix: then the sum of no terms is right as well.
# %% [markdown] lang="zh"
# ### 练习 · 迹 · 5 分钟
#
# 迹（trace）是对角线上元素之和；是和，不是积。
# %% [markdown] lang="en"
# ### Exercise · the trace · 5 min
#
# The trace is the sum of the diagonal; the sum, not the product.
# %% exercise="trace" difficulty=1 importance=3 minutes=5
def trace(A: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The sum of the diagonal, as a tensor without axes; 0 for an empty matrix."""
    # solution
    return A.diagonal().sum()


if __name__ == "__main__":
    tests.test_trace(trace)


# %% [markdown] lang="zh" tags=["hint"]
# `A.diagonal()` 取出对角线。
# %% [markdown] lang="en" tags=["hint"]
# `A.diagonal()` takes the diagonal out.
# %% [markdown] lang="zh"
# ### 练习 · 行列式 · 20 分钟
#
# 用消元法把矩阵化成上三角，行列式就是主元之积；每交换一次两行，符号就变一次。
# 每一列选绝对值最大的元素作主元（pivot）：除以一个极小的数，会把舍入误差放大。
# %% [markdown] lang="en"
# ### Exercise · the determinant · 20 min
#
# Eliminate down to a triangle, and the determinant is the product of the pivots; each exchange of two rows turns its sign.
# In each column choose the entry of largest absolute value as pivot: dividing by a tiny number makes rounding errors large.
# %% exercise="determinant" difficulty=3 importance=3 minutes=20
def determinant(A: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The determinant by elimination with pivoting, as a tensor without axes; 1 for an empty matrix.

    Without ready-made determinants and factorisations of torch's or NumPy's. Only a column of exact zeros makes it 0: a
    tiny pivot is a number like any other.
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
# 先 `A.clone()`：原来的矩阵不能动。
# 整列都是 0，行列式就是 0。
# %% [markdown] lang="en" tags=["hint"]
# Begin with `A.clone()`: the matrix itself must stay.
# If a whole column is 0, so is the determinant.
# %% [markdown] lang="zh" tags=["hint"]
# 下面的每一行，减去第 `j` 行的某个倍数：那一列的元素除以主元。
# 用 `[:, None]` 把这些倍数竖过来，所有的行就能一次消完。
# %% [markdown] lang="en" tags=["hint"]
# From each row below subtract a multiple of row `j`: its entry in that column, divided by the pivot.
# Turn these multiples upright by `[:, None]`, and all rows are done at once.
# %% [markdown] lang="zh"
# ### 练习 · 秩 · 20 分钟
#
# 秩（rank）是线性无关的列数，也就是消元时找到的主元个数。
# 某一列没有主元，就看下一列，但仍停在同一行。
# 多小算 0？与矩阵里最大的元素比。
# 这样数秩只对小矩阵可靠：矩阵大了，舍入误差会被数成主元，那时要看奇异值（`torch.linalg.matrix_rank`）。
# %% [markdown] lang="en"
# ### Exercise · the rank · 20 min
#
# The rank is the number of linearly independent columns, which is how many pivots elimination finds.
# A column without a pivot sends you on to the next column, but in the same row.
# How small is 0? Compare with the matrix's largest entry.
# To count so is reliable for small matrices only: in large ones rounding errors get counted as pivots, and singular values are the better guide (`torch.linalg.matrix_rank`).
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
# 与行列式相同的消元，只是行号 `found` 和列号 `j` 分开走。
# %% [markdown] lang="en" tags=["hint"]
# The determinant's elimination, but the row `found` and the column `j` walk separately.
# %% [markdown] lang="zh" tags=["hint"]
# 高矩阵的列先用完，扁矩阵的行先用完：`found == len(U)` 时就该停。
# %% [markdown] lang="en" tags=["hint"]
# A tall matrix runs out of columns, a wide one out of rows: stop when `found == len(U)`.
# %% [markdown] lang="zh"
# ### 练习 · 换一组基 · 15 分钟
#
# 一组基（basis）是一组向量，基变换（change of basis）换的是坐标，映射本身没有变。
# `basis` 的列是新的基向量：先把新坐标翻成旧坐标，做 $A$，再翻回来，就是 $P^{-1} A P$。
# %% [markdown] lang="en"
# ### Exercise · another basis · 15 min
#
# A basis is a set of vectors, and a change of basis changes the coordinates; the map itself stays.
# The columns of `basis` are the new basis vectors: from new coordinates to old, then $A$, then back, makes $P^{-1} A P$.
# %% exercise="change_of_basis" difficulty=2 importance=3 minutes=15
def change_of_basis(A: Float[Tensor, "n n"], basis: Float[Tensor, "n n"]) -> Float[Tensor, "n n"]:
    """The matrix of the same map in coordinates with respect to the columns of `basis`."""
    # solution
    return torch.linalg.solve(basis, A @ basis)


if __name__ == "__main__":
    if tests.test_change_of_basis(change_of_basis) and tests.test_trace(trace) and tests.test_determinant(determinant):
        A, basis = torch.randn(4, 4), torch.randn(4, 4)
        for name, M in {"A": A, "A in another basis": change_of_basis(A, basis)}.items():
            eigenvalues = sorted(torch.linalg.eigvals(M).abs().tolist())
            print(
                f"{name}: trace {float(trace(M)):.3f}, det {float(determinant(M)):.3f}, |λ| {[round(x, 3) for x in eigenvalues]}"
            )


# %% [markdown] lang="zh" tags=["hint"]
# `torch.linalg.solve(P, M)` 就是 $P^{-1} M$，不必先求逆。
# %% [markdown] lang="en" tags=["hint"]
# `torch.linalg.solve(P, M)` is $P^{-1} M$, and needs no inverse.
# %% [markdown] lang="zh" tags=["question"] see="change_of_basis"
# 换了基，矩阵的哪些量不变？为什么？
# %% [markdown] lang="en" tags=["question"] see="change_of_basis"
# Which quantities of a matrix stay in another basis, and why?
# %% [markdown] lang="zh" tags=["answer"]
# 迹、行列式、秩、特征值都不变：它们属于映射，不属于坐标。
# 由 $\mathrm{tr}(XY) = \mathrm{tr}(YX)$，$\mathrm{tr}(P^{-1}AP) = \mathrm{tr}(APP^{-1}) = \mathrm{tr}(A)$；行列式里 $\det P^{-1}$ 与 $\det P$ 相消。
# 元素总会变；范数和对称性也会变，除非 $P$ 是正交的。
# %% [markdown] lang="en" tags=["answer"]
# Trace, determinant, rank and eigenvalues stay: they belong to the map, not to coordinates.
# By $\mathrm{tr}(XY) = \mathrm{tr}(YX)$, $\mathrm{tr}(P^{-1}AP) = \mathrm{tr}(APP^{-1}) = \mathrm{tr}(A)$; and $\det P^{-1}$ cancels $\det P$.
# The entries change in any case; so do norm and symmetry, unless $P$ is orthogonal.
# %% [markdown] lang="zh"
# ### 练习 · 哪些恒等式成立 · 15 分钟
#
# 《The Matrix Cookbook》第 6 页列着许多恒等式，下面有真也有假。
# 先猜，再用随机矩阵去试：成立的每次都成立，不成立的一次就露馅。
# %% [markdown] lang="en"
# ### Exercise · which identities hold? · 15 min
#
# Page 6 of The Matrix Cookbook lists many identities; below are true ones and false ones.
# Guess, then try random matrices: what is true holds every time, what is false is caught at once.
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
# 迹里的矩阵可以轮换，不可以任意调换；转置和逆会把顺序颠倒。
# %% [markdown] lang="en" tags=["hint"]
# In a trace, matrices may go round in a circle but not change places at will; transposes and inverses reverse the order.
# %% [markdown] lang="zh"
# ## 3 · 秩的用处
# %% [markdown] lang="en"
# ## 3 · What rank is good for
# %% [markdown] lang="zh"
# ### 练习 · 造一个秩为 r 的矩阵 · 10 分钟
#
# `n r` 乘 `r m`：窄的中间一维就是瓶颈。
# 随机数要来自自己的 `torch.Generator`，别去动全局的种子。
# %% [markdown] lang="en"
# ### Exercise · a matrix of rank r · 10 min
#
# `n r` times `r m`: the narrow axis in the middle is the bottleneck.
# Draw from a `torch.Generator` of your own, and leave the global seed alone.
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
        nilpotent = torch.tensor([[0.0, 1], [0, 0]])
        print("rank A =", rank(nilpotent), "and rank A² =", rank(nilpotent @ nilpotent))


# %% [markdown] lang="zh" tags=["hint"]
# 两个随机矩阵相乘，秩几乎必然是中间那一维；`r = 0` 时乘积是全零，正好。
# %% [markdown] lang="en" tags=["hint"]
# The product of two random matrices almost surely has the rank of the axis in the middle; for `r = 0` it is all zeros, as it should be.
# %% [markdown] lang="zh" tags=["question"] see="matrix_of_rank"
# $A$ 的形状是 `(n, m)`，$B$ 的形状是 `(m, l)`：$AB$ 的秩最大是多少？最小呢？这与 transformer 有什么关系？
# %% [markdown] lang="en" tags=["question"] see="matrix_of_rank"
# $A$ has the shape `(n, m)` and $B$ has `(m, l)`: what is the largest rank of $AB$? The smallest? What has this to do with transformers?
# %% [markdown] lang="zh" tags=["answer"]
# $\mathrm{rank}(AB) \le \min(\mathrm{rank} A, \mathrm{rank} B) \le \min(n, m, l)$：别漏了 $\min$。
# 先经过 $B$ 再经过 $A$，哪一步丢掉的维数都找不回来。
# 下界是 $\mathrm{rank} A + \mathrm{rank} B - m$（或 0）；两个秩为 1 的矩阵，乘积可以是 0：$A = \begin{pmatrix} 0 & 1 \\ 0 & 0 \end{pmatrix}$ 满足 $A^2 = 0$。
# 注意力头里 $W_Q^\top W_K$ 的行数、列数都等于模型宽度，中间却只有头的宽度 $m \ll n, l$：每个头只在一个低维子空间里读写。
# %% [markdown] lang="en" tags=["answer"]
# $\mathrm{rank}(AB) \le \min(\mathrm{rank} A, \mathrm{rank} B) \le \min(n, m, l)$: don't lose the $\min$.
# You pass $B$ first, then $A$, and no dimension lost on the way comes back.
# From below it is $\mathrm{rank} A + \mathrm{rank} B - m$ (or 0); two matrices of rank 1 can have the product 0: $A = \begin{pmatrix} 0 & 1 \\ 0 & 0 \end{pmatrix}$ has $A^2 = 0$.
# In an attention head $W_Q^\top W_K$ is as large as the model is wide, with only the head's width $m \ll n, l$ in between: each head reads and writes in a subspace of few dimensions.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 低秩近似 · 15 分钟
#
# 奇异值分解（SVD）把 $A$ 写成 $\sum_i \sigma_i u_i v_i^\top$，$\sigma$ 从大到小。
# 只留前 $k$ 项，就是所有秩不超过 $k$ 的矩阵中离 $A$ 最近的，误差恰好是 $\lVert A - A_k \rVert_F^2 = \sum_{i>k} \sigma_i^2$（Eckart–Young）。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · low rank · 15 min
#
# The singular value decomposition (SVD) writes $A$ as $\sum_i \sigma_i u_i v_i^\top$, with falling $\sigma$.
# Its first $k$ terms are the closest to $A$ of all matrices of rank at most $k$, and miss by exactly $\lVert A - A_k \rVert_F^2 = \sum_{i>k} \sigma_i^2$ (Eckart–Young).
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
# `torch.linalg.svd(A, full_matrices=False)` 给出三样，最后一样已经转置过：它的行是 $v_i^\top$。
# 从三样里各取前 $k$ 份，再乘起来。
# %% [markdown] lang="en" tags=["hint"]
# `torch.linalg.svd(A, full_matrices=False)` gives three things, the last one transposed already: its rows are $v_i^\top$.
# Take the first $k$ of each, and multiply them.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 幂迭代 · 15 分钟
#
# 反复乘 $A$，再归一化：向量会转向绝对值最大的特征值（eigenvalue）所属的方向。
# 特征值由 $v^\top A v$ 给出，它带着符号；$\lVert Av \rVert$ 没有。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · power iteration · 15 min
#
# Multiply by $A$ again and again and normalise: the vector turns to the direction of the eigenvalue of largest absolute value.
# The eigenvalue is $v^\top A v$, which has a sign; $\lVert Av \rVert$ has none.
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
            A = torch.diag(torch.tensor([second, 1.0, 0.1], dtype=torch.float64))
            vectors = [power_iteration(A, steps)[1] for steps in range(1, 31)]
            errors[f"λ₂/λ₁ = {second}"] = [math.atan2(v[[0, 2]].norm(), abs(v[1])) for v in vectors]
        figures.power_path(errors).show()
        eigenvalues = torch.linalg.eigvals(A)
        print(f"tr {float(A.trace()):.3f} = Σλ {float(eigenvalues.sum().real):.3f}")
        print(f"det {float(A.det()):.3f} = Πλ {float(eigenvalues.prod().real):.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 每一步都除以范数：不然向量越乘越长，或者越乘越短，直到上溢成无穷大，或者下溢成 0。
# %% [markdown] lang="en" tags=["hint"]
# Divide by the norm at every step: else the vector grows longer and longer, or shorter and shorter, until it is infinite, or 0.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 对称 · 5 分钟
#
# 三个判断题：矩阵的类型告诉你能用什么定理。
# 对称矩阵有实特征值和正交的特征向量。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · symmetric? · 5 min
#
# Three predicates: a matrix's kind tells you which theorems are yours.
# A symmetric one has real eigenvalues and orthogonal eigenvectors.
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
# 先问是不是方阵；`bool(…)` 把张量变成 Python 的真假值。
# %% [markdown] lang="en" tags=["hint"]
# Ask first whether it is square; `bool(…)` makes a Python truth of a tensor.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 正交 · 5 分钟
#
# 正交（orthogonal）矩阵保持长度和角度：$Q^\top Q = I$，各列两两垂直，长度都是 1。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · orthogonal? · 5 min
#
# An orthogonal matrix keeps lengths and angles: $Q^\top Q = I$, its columns are perpendicular and of length 1.
# %% exercise="is_orthogonal" difficulty=1 importance=2 minutes=5
def is_orthogonal(Q: Float[Tensor, "n m"], atol: float = 1e-5) -> bool:
    """Whether Q is square and its transpose is its inverse, each entry of the product up to `atol`."""
    # solution
    return Q.shape[0] == Q.shape[1] and bool(((Q.T @ Q - torch.eye(len(Q)).to(Q)).abs() <= atol).all())


if __name__ == "__main__":
    tests.test_is_orthogonal(is_orthogonal)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.eye(len(Q)).to(Q)` 是同样 dtype 的单位矩阵。
# %% [markdown] lang="en" tags=["hint"]
# `torch.eye(len(Q)).to(Q)` is the identity of the same dtype.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 旋转 · 5 分钟
#
# 正交矩阵的行列式是 1 或 −1：1 是旋转，−1 把空间翻了面。
# 行列式为 1 还不够：剪切也有。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · a rotation? · 5 min
#
# The determinant of an orthogonal matrix is 1 or −1: 1 for a rotation, −1 where space is turned over.
# A determinant of 1 is not enough: shears have it too.
# %% exercise="is_rotation" difficulty=2 importance=2 minutes=5
def is_rotation(R: Float[Tensor, "n m"], atol: float = 1e-5) -> bool:
    """Whether R is orthogonal, up to `atol`, and keeps orientation."""
    # solution
    return is_orthogonal(R, atol) and bool(determinant(R) > 0)


if __name__ == "__main__":
    tests.test_is_rotation(is_rotation)


# %% [markdown] lang="zh" tags=["hint"]
# 正交之后只剩两种可能，看行列式的符号就够了。
# %% [markdown] lang="en" tags=["hint"]
# Once it is orthogonal only two cases remain, and the determinant's sign tells them apart.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 平面旋转 · 10 分钟
#
# 转 $\theta$ 弧度，逆时针：$e_1$ 转向 $e_2$。
# 让梯度能到达 `theta`：第 1 天会在空间里再写一次，那里要用到它。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · rotate the plane · 10 min
#
# Turn by $\theta$ radians, anticlockwise: $e_1$ turns to $e_2$.
# Let gradients reach `theta`: on day 1 you write it again in space, and need them.
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
# 两列是两个基向量的去处；用 `torch.stack` 拼，`torch.tensor` 会切断梯度。
# %% [markdown] lang="en" tags=["hint"]
# The two columns are where the basis vectors end; build with `torch.stack`, since `torch.tensor` cuts the gradient off.
# %% [markdown] lang="zh" tags=["question"] see="rotation_2d"
# 平面上转四分之一圈，没有一个方向保持不变。那它的特征值在哪里？
# %% [markdown] lang="en" tags=["question"] see="rotation_2d"
# A quarter turn of the plane leaves no direction as it was. Then where are its eigenvalues?
# %% [markdown] lang="zh" tags=["answer"]
# 它们是复数：$\pm i$，模为 1，因为旋转不改变长度。
# 和是 0，等于迹；积是 1，等于行列式。
# 实的对称矩阵不会这样：它的特征值都是实数。
# %% [markdown] lang="en" tags=["answer"]
# They are complex: $\pm i$, of modulus 1, since a rotation keeps lengths.
# Their sum is 0, the trace; their product is 1, the determinant.
# This can't happen to a real symmetric matrix: its eigenvalues are real.
