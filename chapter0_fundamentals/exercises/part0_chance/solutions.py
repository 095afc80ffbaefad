# %% [markdown] lang="zh" order=4
# # 第 0 天 · 数学：概率、微积分与信息
#
# 训练一个网络，就是沿着导数一步步走，让一个概率模型少吃惊一点。
# 这句话里的每个词，这一课都写成程序：期望、方差、随机数；导数、链式法则、梯度下降；熵、交叉熵和 KL 散度。最后合成分类器的损失，分数大到 200 也算得对。
#
# **先修**：`part0_tensors`（梯度、学习率、softmax、上溢），`part0_maths`（矩阵乘法、sigmoid）。
# **时间**：必做部分连读带写约四个半小时，分两次完成，第 2 节之后正好休息；选做的第 5 节另要四十分钟。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint expectation`；自测用 `coach questions`：它给出我们的答案，由你给自己打分。
#
# 除非题目另说：不改动传入的东西（张量的 `requires_grad` 和 `.grad` 也算）；再调用一次，结果一样；输入在内存里不连续也行；张量是 `float64` 进，就是 `float64` 出；概率不小于 0，加起来是 1；每个轴至少有一个元素。
# 现成的函数都可以用，PyTorch 的、NumPy 的都行；只有 `bce_with_logits` 一题例外，它的题目写明了哪几个不行。
# %% [markdown] lang="en"
# # Day 0 · maths: chance, calculus, information
#
# To train a network is to follow derivatives, step by step, until a model of probabilities is less surprised.
# Here each of these words becomes a program: expectation, variance, random numbers; derivative, chain rule, gradient descent; entropy, cross-entropy and KL divergence. Together they make the loss of a classifier, right for scores as large as 200.
#
# **You need** `part0_tensors` (gradients, learning rate, softmax, overflow) and `part0_maths` (matrix products, the sigmoid).
# **Time**: about four and a half hours with reading, in two sittings (the end of section 2 is a good place for a break), and forty minutes for section 5, which is optional.
# **How to read**: guess first, then run, and only then write. `coach hint expectation` helps when you are stuck; `coach questions` asks the self-check, shows our answers, and you mark your own.
#
# Unless an exercise says otherwise: inputs stay as they were (a tensor's `requires_grad` and `.grad`, too); a second call gives the same result; inputs may be non-contiguous in memory; tensors that come in as `float64` go out as `float64`; probabilities are at least 0 and sum to 1; every axis has at least one element.
# Ready-made functions are allowed, those of PyTorch and of NumPy; the only exception is `bce_with_logits`, whose text names the few that it rules out.
# %%
import itertools
import math
from collections import Counter  # counts how often each thing occurs
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from part0_chance import figures, tests

# %% [markdown] lang="zh"
# ## 1 · 概率
# ### 期望：天平的支点
#
# 一个游戏：每玩一次，有 0.1 的概率得 10 元，否则什么也没有。玩一次收 1.5 元，你玩吗？
# 最可能的结果是 0 元，可是只看它，就看不出 10% 的那一次值多少。
# %% [markdown] lang="en"
# ## 1 · Probability
# ### Expectation: where the scales balance
#
# A game: each round pays 10 coins with probability 0.1, and nothing otherwise. A round costs 1.5 coins: do you play?
# The most likely result is 0 coins, but it doesn't tell what the other 10% are worth.
# %% [markdown] lang="zh" tags=["question"] see="expectation"
# 不写公式，先猜：玩一千次，平均每次得多少元？下一格真的去玩，并打印前 10 次、100 次……的平均。
# %% [markdown] lang="en" tags=["question"] see="expectation"
# Without a formula, guess first: over a thousand rounds, how much does a round pay on average? The next cell plays them, and prints the mean after 10 rounds, 100 rounds and so on.
# %% [markdown] lang="zh" tags=["answer"]
# 大约 1 元：一千次里约有 100 次得 10 元，一共 1000 元。所以收 1.5 元，平均每次亏 0.5 元，不值得玩。
# 猜 0 的人看的是最可能的值；猜 5 的人把两个结果当成了同样可能。
# %% [markdown] lang="en" tags=["answer"]
# About 1 coin: of a thousand rounds about 100 pay 10 coins, 1000 in all. So at a price of 1.5 you lose 0.5 coins a round on average.
# If you guessed 0, you looked at the most likely value; if you guessed 5, you treated both results as equally likely.
# %%
if __name__ == "__main__":
    wins = 10.0 * (torch.rand(100_000, generator=torch.Generator().manual_seed(0)) < 0.1)
    print({rounds: round(wins[:rounds].mean().item(), 3) for rounds in (10, 100, 1000, 10_000, 100_000)})
    figures.balance([0.0, 10.0], [0.9, 0.1]).show()


# %% [markdown] lang="zh"
# 玩得很久，平均就稳定在 1 附近（不是每一步都更近：前 10 次碰巧恰好是 1，前 100 次反而是 0.9）。这个数不必去玩就能算：每个值乘它的概率，再加起来，$0 \cdot 0.9 + 10 \cdot 0.1 = 1$。
# 这就是期望（expectation）：以概率为权的平均，$\mathbb{E}[X] = \sum_i p_i x_i$，读作“$X$ 的期望”；$X$ 是随机变量，也就是结果要看运气的量，它以概率 $p_i$ 取值 $x_i$；所有的值连同各自的概率，合起来叫 $X$ 的分布（distribution）。
# 如图，把概率当成砝码，摆在数轴上各自的值那里，期望就是支点：那里两边的“砝码乘距离”相等，$0.9 \cdot 1 = 0.1 \cdot 9$。
# 支点不一定在砝码上：骰子的期望是 $(1 + 2 + 3 + 4 + 5 + 6)/6 = 3.5$，永远掷不出来。
#
# 训练真正想降低的，是损失对所有可能数据的期望；一批数据上的平均，是对它的估计。
# %% [markdown] lang="en"
# Play for long, and the mean settles near 1 (not closer at every step: the first 10 rounds give exactly 1 by luck, the first 100 give 0.9). You can get this number without playing: multiply each value by its probability, and add, $0 \cdot 0.9 + 10 \cdot 0.1 = 1$.
# This is the **expectation**, the mean weighted by probabilities, $\mathbb{E}[X] = \sum_i p_i x_i$, read “the expectation of $X$”; $X$ is a random variable, a quantity that depends on chance, and takes the value $x_i$ with probability $p_i$; all its values with their probabilities are the **distribution** of $X$.
# In the figure each probability is a weight that lies at its value on a beam, and the expectation is the point where the beam balances: there “weight times distance” is the same on both sides, $0.9 \cdot 1 = 0.1 \cdot 9$.
# The point need not be at a weight: a die has the expectation $(1 + 2 + 3 + 4 + 5 + 6)/6 = 3.5$, which it never shows.
#
# What training really wants to lower is the expectation of the loss over all possible data; the mean over a batch estimates it.
# %% [markdown] lang="zh"
# ### 练习 · 期望 · 5 分钟
#
# 给你取值 `values` 和各自的概率 `probs`，两者一样长，返回期望，一个没有轴的张量。
# 例如值是 $(10, -2, 1)$，概率是 $(0.5, 0.3, 0.2)$：$5 - 0.6 + 0.2 = 4.6$。
# 概率可以是 0，同一个值也可以出现几次。下一题和第 3 节都建立在它上面。
# %% [markdown] lang="en"
# ### Exercise · expectation · 5 min
#
# You get `values` and the probability of each in `probs`, equally many; return the expectation, a tensor without axes.
# For example, the values $(10, -2, 1)$ with the probabilities $(0.5, 0.3, 0.2)$ give $5 - 0.6 + 0.2 = 4.6$.
# A probability may be 0, and a value may occur more than once. The next exercise and section 3 are built on this.
# %% exercise="expectation" difficulty=1 importance=4 minutes=5
def expectation(values: Float[Tensor, " k"], probs: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The expectation of a variable that takes each value with its probability."""
    # solution
    return (values * probs).sum()


if __name__ == "__main__":
    if tests.test_expectation(expectation):
        die = torch.arange(1.0, 7)
        even = torch.full((6,), 1 / 6)
        print("E[X] =", float(expectation(die, even)), " E[2X + 1] =", float(expectation(2 * die + 1, even)))
        print("E[X²] =", float(expectation(die**2, even)), " E[X]² =", float(expectation(die, even) ** 2))


# %% [markdown] lang="zh" tags=["hint"]
# 两个一样长的向量，对应元素相乘，再求和。要不要再除以什么？想想概率之和。
# %% [markdown] lang="en" tags=["hint"]
# Two vectors of equal length: multiply element by element, then sum. Must you still divide by something? Think of what the probabilities sum to.
# %% [markdown] lang="zh" tags=["question"] see="expectation"
# 骰子的期望是 3.5。$2X + 1$ 的期望是 $2 \cdot 3.5 + 1$ 吗？$X^2$ 的期望是 $3.5^2$ 吗？
# %% [markdown] lang="en" tags=["question"] see="expectation"
# A die has the expectation 3.5. Does $2X + 1$ have the expectation $2 \cdot 3.5 + 1$? Does $X^2$ have the expectation $3.5^2$?
# %% [markdown] lang="zh" tags=["answer"]
# 前一个是的：乘一个数、加一个数，支点就跟着走，得 8。
# 后一个不是：$\mathbb{E}[X^2] = 91/6 \approx 15.17$，而 $3.5^2 = 12.25$。1 和 6 离 3.5 一样远，平方后的 1 和 36 离 12.25 却不一样远：大的那个把支点往右拉。差出来的 2.92 正是下面要讲的方差。
# %% [markdown] lang="en" tags=["answer"]
# The first, yes: multiply by a number and add a number, and the balance point moves along, to 8.
# The second, no: $\mathbb{E}[X^2] = 91/6 \approx 15.17$, but $3.5^2 = 12.25$. 1 and 6 are equally far from 3.5, but their squares, 1 and 36, are not equally far from 12.25: the large one pulls the balance point to the right. The difference of 2.92 is the variance, which comes next.
# %% [markdown] lang="zh" numbers="9 3"
# ### 方差与标准差：离支点有多远
#
# 有一个游戏每次稳得 1 元，期望也是 1 元。两个游戏的差别在于散开多少，期望看不见。
# 把离支点的差 $X - \mu$ 平均一下？不行：正负相消，总得 0（$\mu$ 读作 mu，就是期望）。先平方再平均，就是方差，$\mathbb{E}[(X - \mu)^2]$。
# 它的单位是“元的平方”；开方回到元，叫标准差（standard deviation），$\sigma = \sqrt{\mathbb{E}[(X - \mu)^2]}$，读作 sigma：离支点的典型距离，越远的值分量越重。
# 用铅笔算上面的游戏：差是 $-1$ 和 $9$，平方是 1 和 81，方差 $0.9 \cdot 1 + 0.1 \cdot 81 = 9$，标准差 3。
# %% [markdown] lang="en" numbers="9 3"
# ### Variance and standard deviation: how far from the balance point
#
# A game that pays 1 coin for sure also has the expectation 1. The two differ in how much they spread, which the expectation doesn't show.
# Take the mean of the differences $X - \mu$? No: plus and minus cancel, and it is always 0 ($\mu$, say “mu”, is the expectation). Square first, then take the mean: this is the variance, $\mathbb{E}[(X - \mu)^2]$.
# Its unit is “coins squared”. Its square root is in coins again: the **standard deviation**, $\sigma = \sqrt{\mathbb{E}[(X - \mu)^2]}$, say “sigma”, a typical distance from the balance point in which far values weigh more.
# The game above by hand: the differences are $-1$ and $9$, their squares 1 and 81, the variance is $0.9 \cdot 1 + 0.1 \cdot 81 = 9$, the standard deviation 3.
# %%
if __name__ == "__main__":
    values, probs = torch.tensor([0.0, 10.0]), torch.tensor([0.9, 0.1])
    mu = (probs * values).sum()
    differences = values - mu
    print("mean difference:", round(float((probs * differences).sum()), 6))
    variance = (probs * differences**2).sum()
    print(f"variance {variance:.0f}, standard deviation {variance.sqrt():.0f}")


# %% [markdown] lang="zh" tags=["question"] see="standard_deviation"
# 把平方展开，方差也等于 $\mathbb{E}[X^2] - \mu^2$：上面是 $0.1 \cdot 100 - 1 = 9$，在纸上完全一样。
# 现在 9999 和 10001 各有一半可能，离支点都是 1，方差是 1。用 float32 算，两个公式各给出什么？
# %% [markdown] lang="en" tags=["question"] see="standard_deviation"
# Multiply the square out, and the variance is also $\mathbb{E}[X^2] - \mu^2$: above $0.1 \cdot 100 - 1 = 9$, on paper exactly the same.
# Now 9999 and 10001 are equally likely, both at a distance of 1, so the variance is 1. What does each formula give in float32?
# %% [markdown] lang="zh" tags=["answer"]
# 第一个给 1，第二个给 0，全错。
# float32 只有大约七位有效数字，一亿左右的数要舍入到 8 的倍数；要找的 1 在相减之前就没了。
# %% [markdown] lang="en" tags=["answer"]
# The first gives 1, the second 0, which is completely wrong.
# float32 has about seven digits, and numbers near a hundred million are rounded to multiples of 8; the 1 that we look for is lost before the subtraction.
# %%
if __name__ == "__main__":
    x = torch.tensor([9999.0, 10001.0])  # equally likely, so the expectation is the plain mean
    print("squares in float32:", [f"{v:.0f}" for v in (x**2).tolist()], " exactly: 99980001 and 100020001")
    print("mean of squared differences:", float(((x - x.mean()) ** 2).mean()))
    print("E[X²] - μ²:                 ", float((x**2).mean() - x.mean() ** 2))


# %% [markdown] lang="zh"
# 两个相近的大数相减，前面的数字消去，剩下的主要是它们先前的舍入误差，这叫灾难性抵消。先减去均值，要平方的就是离差，不再是那么大的数。
# %% [markdown] lang="en"
# When two large numbers that are nearly equal are subtracted, the leading digits cancel, and what is left is mostly the rounding error that they had before; this is called catastrophic cancellation. Subtract the mean first, and you square the differences, which are not that large.
# %% [markdown] lang="zh"
# ### 练习 · 标准差 · 10 分钟
#
# 给你 `values` 和 `probs`，返回标准差，一个没有轴的张量。例如值 $(0, 10)$、概率 $(0.9, 0.1)$ 得 3。
# 离 0 很远的值（如 9999 和 10001）也要准到 0.1%，标准差小到 $10^{-6}$ 也是；另有一个很远、概率为 0 的值，也不能因此变差；值全相同时得 0（有一点舍入误差也行），不是 NaN。
# 均值和离差都按概率加权；分布是已知的，所以不除以 $n - 1$（下面就讲）。
# %% [markdown] lang="en"
# ### Exercise · standard deviation · 10 min
#
# You get `values` and `probs`; return the standard deviation, a tensor without axes. For example, the values $(0, 10)$ with the probabilities $(0.9, 0.1)$ give 3.
# It must be right to 0.1% also where the values are far from 0, such as 9999 and 10001, and where it is as small as $10^{-6}$; a further value, far away and of probability 0, must make it no worse; equal values give 0 (or a rounding error), and not NaN.
# Weigh both the mean and the deviations by probability; the distribution is known, so nothing is divided by $n - 1$ (which comes next).
# %% exercise="standard_deviation" difficulty=2 importance=4 minutes=10
def standard_deviation(values: Float[Tensor, " k"], probs: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The standard deviation; right to 0.1 % also where the values are far from 0, such as 9999 and 10001."""
    # solution
    return expectation((values - expectation(values, probs)) ** 2, probs).sqrt()


if __name__ == "__main__":
    if tests.test_standard_deviation(standard_deviation):
        game, sure = torch.tensor([0.9, 0.1]), torch.tensor([1.0, 0.0])
        print("the game:", float(standard_deviation(torch.tensor([0.0, 10]), game)))
        print("1 for sure:", float(standard_deviation(torch.tensor([1.0, 10]), sure)))


# %% [markdown] lang="zh" tags=["hint"]
# 要用几次“以概率为权的平均”？先求哪一个，后求哪一个？
# %% [markdown] lang="en" tags=["hint"]
# How many times do you need “the mean weighted by probabilities”? Which comes first?
# %% [markdown] lang="zh" tags=["hint"]
# 两次 `expectation`：一次给 $\mu$，一次对离差的平方。最后别忘了从“元的平方”回到元。
# %% [markdown] lang="en" tags=["hint"]
# `expectation` twice: once for $\mu$, once for the squared deviations. At the end go back from “coins squared” to coins.
# %% [markdown] lang="zh" numbers="0.50 1.00"
# ### 只有样本时：为什么除以 n − 1
#
# 实际中往往只有样本（sample），也就是从分布里抽出来的几个数：概率不知道，连 $\mu$ 都要用样本的均值来代替。
# 每次抽到 0 或 2，各一半：$\mu = 1$，方差是 1。抽两个，有四种同样可能的样本，用离*样本均值*的差来算：
# - $(0, 0)$ 和 $(2, 2)$：差都是 0，平方和是 0；
# - $(0, 2)$ 和 $(2, 0)$：均值 1，差是 $\pm 1$，平方和是 2。
#
# 四种样本平均，平方和是 1。除以 $n = 2$ 得 0.50，太小；除以 $n - 1 = 1$ 得 1.00，正好。
# 原因：样本均值就在自己那几个点的中间，离它的差，平方和最小；换成离真正的 $\mu$ 的差，平方和不会更小：$(0, 2)$ 的不变，还是 2，$(0, 0)$ 的就从 0 变成 2。
# 修正过的估计对所有样本平均下来是对的，叫无偏（unbiased）。
# %% [markdown] lang="en" numbers="0.50 1.00"
# ### With only a sample: why n − 1
#
# In practice you often have a **sample** only, a few numbers drawn from the distribution: the probabilities are unknown, and even $\mu$ must be replaced by the sample's mean.
# Let each draw be 0 or 2, equally likely: $\mu = 1$, and the variance is 1. Two draws make four equally likely samples; take the differences from the *sample's* mean:
# - $(0, 0)$ and $(2, 2)$: both differences are 0, the sum of squares is 0;
# - $(0, 2)$ and $(2, 0)$: the mean is 1, the differences are $\pm 1$, the sum of squares is 2.
#
# On average over the four samples the sum of squares is 1. Divided by $n = 2$ it is 0.50, too small; divided by $n - 1 = 1$ it is 1.00, just right.
# The reason: the sample's mean is in the middle of its own points. Differences from it have the smallest sum of squares. With differences from the true $\mu$ the sum can't be smaller: for $(0, 2)$ it is still 2, for $(0, 0)$ it becomes 2 instead of 0.
# The corrected estimate is right on average over all samples; it is called **unbiased**.
# %%
if __name__ == "__main__":
    pairs = torch.tensor(list(itertools.product([0.0, 2.0], repeat=2)))  # all four samples of two draws
    by_n, by_less = (pairs.var(dim=1, correction=c).mean().item() for c in (0, 1))
    print(f"all samples of 2: divided by n {by_n:.2f}, by n - 1 {by_less:.2f}")
    # whole numbers drawn from 0 up to, but without, 2: so 0 or 1, and twice that is 0 or 2
    draws = 2.0 * torch.randint(0, 2, (20_000, 50), generator=torch.Generator().manual_seed(0))
    for n in (2, 5, 50):
        by_n, by_less = (draws[:, :n].var(dim=1, correction=c).mean().item() for c in (0, 1))
        print(f"samples of {n:2}: divided by n {by_n:.2f} = about {n - 1}/{n}, by n - 1 {by_less:.2f}")


# %% [markdown] lang="zh" tags=["question"] see="standard_deviation"
# 什么时候除以 $n$，什么时候除以 $n - 1$？只有一个数，`torch.tensor([5.0]).std()` 会是什么？有一百万个数时，还用得着区分吗？
# %% [markdown] lang="en" tags=["question"] see="standard_deviation"
# When do you divide by $n$, and when by $n - 1$? With a single number, what is `torch.tensor([5.0]).std()`? And does the choice matter for a million numbers?
# %% [markdown] lang="zh" tags=["answer"]
# $\mu$ 是已知的，或者只想描述手上这批数，除以 $n$（概率已知，就按概率加权，什么都不用除）；要从样本估计背后分布的方差，而 $\mu$ 也由样本代替，除以 $n - 1$。
# 只有一个数时是 NaN：$0/0$，散开多少无从谈起。
# 有一百万个数时，两者只差百万分之一，用不着区分。批归一化（`part2_resnets`）两种都用：归一化除以 $n$，留给推理的方差除以 $n - 1$。
# %% [markdown] lang="en" tags=["answer"]
# By $n$ if $\mu$ is known, or if you only describe the numbers at hand (if the probabilities are known, weigh by them and divide by nothing); by $n - 1$ if you estimate the variance of the distribution behind a sample, and the sample also stands in for $\mu$.
# With one number it is NaN, $0/0$: a single number says nothing about spread.
# For a million the two differ by a millionth, and it doesn't matter. Batch normalisation (`part2_resnets`) uses both: it normalises with $n$, and keeps a variance with $n - 1$ for later.
# %% [markdown] lang="zh"
# 概率已知，就按概率加权；只想描述手上这些数，除以 $n$；由样本估计背后的方差，除以 $n - 1$。
#
# ### 随机数与种子
#
# 电脑的随机数是算出来的：发生器（generator）有一个内部状态，每抽一个数，就按固定的算法把状态往前推一步。
# 种子（seed）决定从哪个状态开始。同样的程序，种子相同，抽出的数就一个不差（换 PyTorch 的版本或换到 GPU 上，就不保证）；所以实验可以重来，`part0_maths` 的 `ablate` 两边才能用“同样的运气”。
# %% [markdown] lang="en"
# Known probabilities are the weights; divide by $n$ if you only describe the numbers at hand, and by $n - 1$ if you estimate, from a sample, the variance of the distribution that it was drawn from.
#
# ### Random numbers and seeds
#
# A computer's random numbers are computed: a generator has a state, and each number drawn moves it on by a fixed rule.
# The **seed** decides at which state it starts. With the same seed the same program gets the same numbers, to the last digit (another version of PyTorch, or a GPU, may draw others); so an experiment can be repeated, and `ablate` in `part0_maths` can give both sides “the same luck”.
# %% [markdown] lang="zh" tags=["question"] see="sample_gaussians"
# 同一个种子：第一个发生器连抽两次，每次两个数；第二个一次抽四个数；第三个每次抽之前都重新设一遍种子。这样每个都抽出四个数：哪几组数相同？先猜，再运行。
# %% [markdown] lang="en" tags=["question"] see="sample_gaussians"
# All with one seed: the first generator draws twice, two numbers each time; the second draws four numbers at once; the third also draws twice, but is seeded again before each draw. So each of them draws four numbers: which of these are equal? Guess, then run.
# %% [markdown] lang="zh" tags=["answer"]
# 前两个的四个数相同：发生器记得自己走到了哪里，接着抽。
# 第三个的后两个数重复前两个：每次都从头开始。函数里面设种子，就会这样：每次调用都得到同一批“随机”数，样本也就不独立了。
# 所以种子在外面设一次，把发生器传进函数。
# %% [markdown] lang="en" tags=["answer"]
# The first two have the same four numbers: a generator knows where it is, and goes on from there.
# The last two numbers of the third repeat its first two: it starts again from the beginning each time. This is what a seed inside a function does: each call gets the same “random” numbers, and the samples aren't independent.
# So seed once, outside, and pass the generator in.
# %%
if __name__ == "__main__":
    one, two, three = (torch.Generator().manual_seed(0) for _ in range(3))
    print("two draws of two:", torch.rand(2, generator=one).tolist(), torch.rand(2, generator=one).tolist())
    print("one draw of four:", torch.rand(4, generator=two).tolist())
    again = [torch.rand(2, generator=three.manual_seed(0)).tolist() for _ in range(2)]
    print("seeded each time:", *again)


# %% [markdown] lang="zh"
# 发生器从走到的地方接着抽；在函数里设种子，每次调用都得到同一批数。所以种子在外面设一次，把发生器传进去。（两次两个与一次四个相同，说的是 `torch.rand`；`torch.randn` 一次抽 16 个或更多时，算法不同，抽出的数就可能不同。）
# 没有给发生器时，`torch.rand` 用全局的那一个，`torch.manual_seed` 设它的种子。别处只要先多抽一个数，你后面抽到的就全变了；自己的发生器不受影响。
# %% [markdown] lang="en"
# A generator goes on from where it is; with a seed inside a function, every call gets the same numbers. So seed once, outside, and pass the generator in. (That two draws of two equal one of four holds for `torch.rand`; `torch.randn` draws 16 or more at once in another way, so its numbers may differ.)
# Without a generator `torch.rand` uses the global one, whose seed `torch.manual_seed` sets. If some other code draws one more number before you, all that you draw afterwards changes; a generator of your own isn't affected.
# %%
if __name__ == "__main__":
    for others in (0, 1):
        torch.manual_seed(0)
        mine = torch.Generator().manual_seed(0)
        torch.rand(others)  # some other code draws from the global generator
        print(f"others draw {others}: global {torch.rand(2).tolist()}, mine {torch.rand(2, generator=mine).tolist()}")


# %% [markdown] lang="zh"
# ### 正态分布：许多小运气加起来
#
# 一颗骰子，六个结果同样可能，图是平的。两颗加起来呢？7 有六种掷法，2 只有一种，图成了三角。拖动滑块，看更多颗加起来的样子。
# %% [markdown] lang="en"
# ### The normal distribution: many small chances added
#
# One die has six equally likely results, and its chart is flat. And the sum of two? 7 can be thrown in six ways, 2 in only one, so the chart is a triangle. Move the slider and see the sums of more dice.
# %%
if __name__ == "__main__":
    figures.dice().show()


# %% [markdown] lang="zh"
# 平的变成了钟形。许多互不相干的小量加起来，不管每个是什么分布（只要方差有限，又没有哪个独大），和的分布都靠近同一种形状：正态分布（normal distribution），也叫高斯分布；这件事叫中心极限定理。
# 它由均值 $\mu$ 和标准差 $\sigma$ 决定，密度（每单位长度的概率）是 $\frac{1}{\sigma\sqrt{2\pi}} e^{-(x - \mu)^2 / (2\sigma^2)}$：离 $\mu$ 越远，密度越小，很快就几乎是 0，但从不恰好是 0。大约 32% 的数离 $\mu$ 比 $\sigma$ 远，5% 比 $1.96\,\sigma$ 远，左右各占一半。
# $\mu = 0$、$\sigma = 1$ 的叫标准正态，记作 $Z$，`torch.randn` 抽的就是它；$\mu + \sigma Z$ 就是均值 $\mu$、标准差 $\sigma$ 的正态。
#
# 两个量独立（independent），意思是知道一个的结果，对猜另一个毫无帮助，像两颗骰子。独立的量相加，方差也相加；标准差却不能相加：正负常常相消。
# 所以从同一个分布里独立地抽 $n$ 次，和的方差是 $n\sigma^2$，标准差是 $\sqrt{n}\,\sigma$；除以 $n$ 就是平均，标准差是 $\sigma/\sqrt{n}$：抽的次数要变成四倍，平均的误差才减半。
# 把两个独立的正态加起来，还是正态：钟形本来就是“加起来”的产物。
# 常见的误会：两个独立的正态，均值 $-5$ 和 5，标准差都是 1，加起来图上该有两个峰。其实“加”是每次各抽一个，加成一个数，和集中在 0 附近，只有一个峰，标准差 $\sqrt{2} \approx 1.41$；两个峰来自另一件事，每次只抽其中一个，那叫混合分布（mixture distribution）。
# %% [markdown] lang="en"
# The flat chart has become a bell. Add many small quantities that have nothing to do with one another. Whatever the distribution of each (its variance must be finite, and none may outweigh the rest), the distribution of the sum comes near the same shape: the **normal distribution**, also called Gaussian; this is the central limit theorem.
# The mean $\mu$ and the standard deviation $\sigma$ fix it; its density (probability per unit of length) is $\frac{1}{\sigma\sqrt{2\pi}} e^{-(x - \mu)^2 / (2\sigma^2)}$: the further from $\mu$, the smaller it is, and it is soon almost 0, but never exactly 0. About 32% of the draws lie further than $\sigma$ from $\mu$, 5% further than $1.96\,\sigma$, half of them on each side.
# With $\mu = 0$ and $\sigma = 1$ it is called standard normal, written $Z$; `torch.randn` draws it, and $\mu + \sigma Z$ is normal with mean $\mu$ and standard deviation $\sigma$.
#
# Two quantities are **independent** if knowing one tells nothing about the other, as with two dice. If independent quantities are added, their variances add; their standard deviations don't, because plus and minus often cancel.
# So the sum of $n$ independent draws from one distribution has the variance $n\sigma^2$ and the standard deviation $\sqrt{n}\,\sigma$; divided by $n$ it is their mean, with the standard deviation $\sigma/\sqrt{n}$: four times as many draws only halve the error of a mean.
# Two independent normal quantities have a normal sum: the bell is itself made by adding.
# A common mistake: add two independent normal quantities with the means $-5$ and 5, both of standard deviation 1, and expect two humps. To add means to draw one of each every time and to add these two to one number: the sums lie around 0, in one hump, with the standard deviation $\sqrt{2} \approx 1.41$. Two humps come from something else, a **mixture distribution**: draw only one of the two each time.
# %%
if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    throws = torch.randint(1, 7, (100_000, 10), generator=generator).float()
    for n in (1, 2, 10):
        total = throws[:, :n].sum(dim=1)
        print(
            f"sum of {n:2} dice: variance {total.var():5.2f} = about {n} · 35/12, standard deviation {total.std():.2f}"
        )
        print(f"   mean of {n:2} dice: standard deviation {(total / n).std():.2f} = about 1.71 / √{n}")
    z = torch.randn(100_000, generator=generator)
    for far in (1.0, 1.96, 3.3):
        print(f"beyond {far} standard deviations: {(z.abs() > far).float().mean():.2%}")
    left, right = torch.randn(2, 100_000, generator=generator) + torch.tensor([[-5.0], [5]])
    mixture = torch.where(torch.rand(100_000, generator=generator) < 0.5, left, right)
    for name, drawn in {"left + right": left + right, "left or right": mixture}.items():
        print(f"{name}: standard deviation {drawn.std():.2f}, {(drawn.abs() < 2).float().mean():.0%} within 2 of 0")


# %% [markdown] lang="zh" numbers="0.894"
# ### 协方差与相关系数：一起变
#
# 高的人往往也重。怎样用一个数说出这种“一起”？
# 把两个量的离差*相乘*再平均：同号就是正，异号就是负。这就是协方差（covariance），$\mathbb{E}[(X - \mu_X)(Y - \mu_Y)]$。
# 展开以后，它等于 $\mathbb{E}[XY] - \mu_X \mu_Y$：乘积的期望比期望的乘积多出来的那一份。和的期望总可以拆开，乘积的期望却只在协方差为 0 时才可以：骰子与它自己相乘，15.17 不是 $3.5^2$，多出的 2.92 就是 $X$ 与自己的协方差，也就是方差。
# 四个同样可能的点，用铅笔算：$(1, 3)$、$(1, 1)$、$(-1, -1)$、$(-1, -3)$。两个均值都是 0；协方差 $(3 + 1 + 1 + 3)/4 = 2$；方差是 1 和 $(9 + 1 + 1 + 9)/4 = 5$。
# 2 算大还是小？换个单位它就变。除以两个标准差，单位就消掉了：相关系数（correlation）$\rho = \mathrm{cov}(X, Y) / (\sigma_X \sigma_Y)$，读作 rho，总在 $-1$ 与 1 之间，$\pm 1$ 就是恰好一条直线（有一个标准差是 0 时，它没有定义）。这里 $\rho = 2/\sqrt{5} = 0.894$。
# %% [markdown] lang="en" numbers="0.894"
# ### Covariance and correlation: varying together
#
# Tall people are often heavier. How can one number say “together”?
# *Multiply* the two deviations and take the mean: equal signs count as plus, opposite signs as minus. This is the **covariance**, $\mathbb{E}[(X - \mu_X)(Y - \mu_Y)]$.
# Multiplied out it is $\mathbb{E}[XY] - \mu_X \mu_Y$, the expectation of the product minus the product of the expectations. The expectation of a sum can always be split, that of a product only where the covariance is 0: for a die times itself 15.17 isn't $3.5^2$, and the difference of 2.92 is the covariance of $X$ with itself, its variance.
# Four equally likely points by hand: $(1, 3)$, $(1, 1)$, $(-1, -1)$, $(-1, -3)$. Both means are 0; the covariance is $(3 + 1 + 1 + 3)/4 = 2$; the variances are 1 and $(9 + 1 + 1 + 9)/4 = 5$.
# Is 2 large or small? In other units it is another number. Divide by both standard deviations, and the units cancel: the **correlation** $\rho = \mathrm{cov}(X, Y) / (\sigma_X \sigma_Y)$, say “rho”, is always from $-1$ to 1, and $\pm 1$ means exactly one line (it is undefined where a standard deviation is 0). Here $\rho = 2/\sqrt{5} = 0.894$.
# %%
if __name__ == "__main__":
    points = torch.tensor([[1.0, 3], [1, 1], [-1, -1], [-1, -3]])
    covariance = points.prod(dim=1).mean()  # both means are 0
    deviations = points.std(dim=0, correction=0)
    print(f"covariance {covariance:.1f}, variances {(deviations**2).tolist()}")
    print(f"correlation {covariance / deviations.prod():.3f}")
    thousand = points * torch.tensor([1.0, 1000])  # Y in other units, as grams for kilograms
    print("in other units: covariance", thousand.prod(dim=1).mean().item())
    table = torch.corrcoef(thousand.T)  # wants one row for each quantity; [0, 1] is the correlation of the first two
    print(f"but correlation {table[0, 1]:.3f}")


# %% [markdown] lang="zh" tags=["question"] see="sum_of_gaussians"
# 下图有四团点，每团的两个量各自都是标准正态。哪两团的相关系数是 0？那么在这两团里，知道 $X$ 都对猜 $Y$ 毫无帮助吗？
# %% [markdown] lang="en" tags=["question"] see="sum_of_gaussians"
# The figure has four clouds; in each, both quantities are standard normal. Which two have the correlation 0? And does knowing $X$ tell nothing about $Y$ in both of them?
# %% [markdown] lang="zh" tags=["answer"]
# 第二团和第四团。第二团真的独立；第四团是 $Y = \pm X$，符号由抛硬币决定：知道 $X = 2$，$Y$ 就只能是 2 或 $-2$，知道得很多。
# 相关系数只看“一条直线描述得多好”；正斜和反斜各占一半，平均下来是 0。独立一定不相关，不相关却不一定独立。
# %% [markdown] lang="en" tags=["answer"]
# The second and the fourth. The second is truly independent; in the fourth $Y = \pm X$, with the sign from a coin: if you know $X = 2$, then $Y$ can only be 2 or $-2$, and that is knowing a lot.
# Correlation only asks how well one line fits; half of the points rise and half fall, and the mean is 0. Independent implies uncorrelated, but uncorrelated doesn't imply independent.
# %%
if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    x, z = torch.randn(2, 20_000, generator=generator)
    flipped = x * (2 * torch.randint(0, 2, x.shape, generator=generator) - 1)  # X with a random sign
    clouds = {"Y = 0.8 X + 0.6 Z": 0.8 * x + 0.6 * z, "Y = Z": z, "Y = -X": -x, "Y = ±X": flipped}
    for name, y in clouds.items():
        both, squares = torch.stack([x, y]), torch.stack([x, y]) ** 2
        print(
            f"{name:17} correlation {torch.corrcoef(both)[0, 1]:5.2f}, of the squares {torch.corrcoef(squares)[0, 1]:.2f}"
        )
    print(f"X ± X is exactly 0 in {(x + flipped == 0).float().mean():.1%} of the samples: that sum isn't normal")
    figures.clouds(x, clouds).show()


# %% [markdown] lang="zh"
# $Y = Z$ 与 $Y = \pm X$ 的相关系数都是 0，但后者知道 $X$ 就知道 $|Y|$：相关系数只看得见直线，*不相关不等于独立*。
#
# ### 造出相关的正态数
#
# `torch.randn` 抽出来的数互相独立。要相关的怎么办？把两个独立的 $Z_1$、$Z_2$ 混合：$X = Z_1$，$Y = \rho Z_1 + w Z_2$。$Y$ 里有一份 $X$，这一份就是相关。
# $w$ 取多少，$Y$ 的方差才是 1？独立的量方差相加，而乘 $w$ 使方差乘 $w^2$：$\rho^2 + w^2 = 1$。
# %% [markdown] lang="en"
# $Y = Z$ and $Y = \pm X$ both have the correlation 0, but in the second $X$ tells you $|Y|$: correlation only sees lines, and *uncorrelated is not independent*.
#
# ### Making correlated normal numbers
#
# The numbers that `torch.randn` draws are independent. How do you get correlated ones? Mix two independent ones, $Z_1$ and $Z_2$: $X = Z_1$ and $Y = \rho Z_1 + w Z_2$. There is a share of $X$ in $Y$, and this share is the correlation.
# Which $w$ gives $Y$ the variance 1? Variances of independent quantities add, and multiplying by $w$ multiplies the variance by $w^2$: $\rho^2 + w^2 = 1$.
# %% [markdown] lang="zh" tags=["question"] see="sample_gaussians"
# $\rho = 0.6$。有人说“六成是 $Z_1$，剩下四成是 $Z_2$”，取 $w = 0.4$。$Y$ 的方差是多少？$w$ 应当取多少？先用铅笔算。
# %% [markdown] lang="en" tags=["question"] see="sample_gaussians"
# $\rho = 0.6$. Somebody says “60% of $Z_1$, so the other 40% are $Z_2$” and takes $w = 0.4$. What is the variance of $Y$? Which $w$ is right? Use a pencil first.
# %% [markdown] lang="zh" tags=["answer"]
# $0.36 + 0.16 = 0.52$，散得太少；真正的相关系数也成了 $0.6/\sqrt{0.52} = 0.83$。
# 要 $w = \sqrt{1 - 0.36} = 0.8$：$0.36 + 0.64 = 1$。加起来等于 1 的是方差，不是权重。
# %% [markdown] lang="en" tags=["answer"]
# $0.36 + 0.16 = 0.52$, which spreads too little; and the correlation is really $0.6/\sqrt{0.52} = 0.83$.
# It must be $w = \sqrt{1 - 0.36} = 0.8$: $0.36 + 0.64 = 1$. It is the variances that add up to 1, not the weights.
# %%
if __name__ == "__main__":
    z1, z2 = torch.randn(2, 100_000, generator=torch.Generator().manual_seed(0))
    for w in (0.4, 0.8):
        y = 0.6 * z1 + w * z2
        print(f"w = {w}: variance {y.var():.2f}, correlation {torch.corrcoef(torch.stack([z1, y]))[0, 1]:.2f}")


# %% [markdown] lang="zh"
# ### 练习 · 相关的正态样本 · 20 分钟
#
# 返回 `n` 行两列：每一行是一对新抽的数，两列的均值是 `mean`，标准差是 `std`，相关系数是 `rho`；行与行互相独立。权重是 $\rho$ 和 $\sqrt{1 - \rho^2}$：加起来等于 1 的是方差，不是权重。
# 例如 `mean` 是 $(2, -1)$，`std` 是 $(0.5, 3)$，`rho` 是 0.6，抽到 $Z = (1, 1)$：这一行是 $2 + 0.5 \cdot 1 = 2.5$ 和 $-1 + 3 \cdot (0.6 + 0.8) = 3.2$。
# 随机数只从 `generator` 取，它是什么状态就从什么状态接着抽：不要再设种子，不要另造发生器，也不要动全局的随机状态。抽的顺序、混合的写法不限。
# `std` 大于 0；`rho` 从 $-1$ 到 1，两头也算：那时两列各减去均值后，只差符号和尺度。`n` 可以是 1 或 0；0 时形状是 `(0, 2)`。
# 不要截掉远处的数，也不要再调整到均值、标准差恰好相等：$n$ 行的均值本来就会偏 $\sigma/\sqrt{n}$ 左右，相关系数会偏 $(1 - \rho^2)/\sqrt{n}$ 左右；测试固定种子，至少容许偏到这个数的五倍。两列合起来也要是正态的（联合正态，意思是任何 $aX + bY$ 都正态，或者恒等于一个数；这时相关系数 0 就意味着独立，只是各自正态还不够）；给 $X$ 配随机符号的做法不行。
# 第 5 天的 `part5_vaes` 里，每张图的编码都是这样从一个正态分布里抽出来的。
# %% [markdown] lang="en"
# ### Exercise · correlated Gaussians · 20 min
#
# Return `n` rows and two columns: each row is a newly drawn pair, the columns have the means `mean`, the standard deviations `std` and the correlation `rho`; rows are independent of one another. The weights are $\rho$ and $\sqrt{1 - \rho^2}$: the variances add up to 1, not the weights.
# For example, with `mean` $(2, -1)$, `std` $(0.5, 3)$ and `rho` 0.6, the draw $Z = (1, 1)$ gives the row $2 + 0.5 \cdot 1 = 2.5$ and $-1 + 3 \cdot (0.6 + 0.8) = 3.2$.
# Take random numbers from `generator` only, going on from the state that it is in: don't seed it again, don't make another generator, and leave the global random state alone. You may draw in any order and write the mixture in any form.
# `std` is above 0; `rho` is from $-1$ to 1, both included: there the two columns, once their means are subtracted, differ by sign and scale only. `n` may be 1 or 0; for 0 the shape is `(0, 2)`.
# Don't cut off what is far out, and don't adjust it until mean and standard deviation agree exactly: the mean of $n$ rows is naturally off by about $\sigma/\sqrt{n}$, their correlation by about $(1 - \rho^2)/\sqrt{n}$; the test fixes the seed and allows at least five times this. Both columns together must be normal as well (jointly normal: every $aX + bY$ is normal, or constant; then correlation 0 means independent, for which it isn't enough that each is normal); giving $X$ a random sign won't do.
# In `part5_vaes` on day 5 the code of every picture is drawn from a normal distribution in this way.
# %% exercise="sample_gaussians" difficulty=3 importance=3 minutes=20
def sample_gaussians(
    n: int, mean: Float[Tensor, " 2"], std: Float[Tensor, " 2"], rho: float, generator: torch.Generator
) -> Float[Tensor, "n 2"]:
    """n independent samples of two jointly Gaussian variables with correlation rho, from -1 to 1; n may be 0.

    All randomness comes from `generator` as it is: two calls go on drawing from it, and torch's global one is left alone.
    """
    # solution
    z = torch.randn(n, 2, generator=generator)
    mixed = torch.stack([z[:, 0], rho * z[:, 0] + math.sqrt(1 - rho**2) * z[:, 1]], dim=1)
    return mean + std * mixed


if __name__ == "__main__":
    if tests.test_sample_gaussians(sample_gaussians):
        generator = torch.Generator().manual_seed(0)
        samples = sample_gaussians(10_000, torch.tensor([2.0, -1.0]), torch.tensor([0.5, 3.0]), 0.6, generator)
        print("first rows:", [[round(v, 2) for v in row] for row in samples[:3].tolist()])
        print("means", [round(v, 2) for v in samples.mean(dim=0).tolist()])
        print("standard deviations", [round(v, 2) for v in samples.std(dim=0).tolist()])
        print(f"correlation {torch.corrcoef(samples.T)[0, 1]:.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 需要多少个独立的标准正态数？先只管均值 0、标准差 1 的情形，最后再换尺度。
# %% [markdown] lang="en" tags=["hint"]
# How many independent standard normal numbers do you need? First make them with mean 0 and standard deviation 1, and change the scale at the end.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.randn(n, 2, generator=generator)` 是全部的随机数，每行一对；其余都是算术。
# %% [markdown] lang="en" tags=["hint"]
# `torch.randn(n, 2, generator=generator)` is all the randomness, one pair in each row; the rest is arithmetic.
# %% [markdown] lang="zh" tags=["hint"]
# 把混合好的两列用 `torch.stack(..., dim=1)` 并起来；`mean` 和 `std` 形状是 `(2,)`，广播到每一行。
# %% [markdown] lang="en" tags=["hint"]
# Put the two mixed columns side by side by `torch.stack(..., dim=1)`; `mean` and `std` of shape `(2,)` are broadcast to every row.
# %% [markdown] lang="zh"
# ### 和的方差
#
# 和的均值总是 $\mu_1 + \mu_2$。方差呢？回到上面的四个点，$X + Y$ 是 4、2、$-2$、$-4$：方差 $(16 + 4 + 4 + 16)/4 = 10$，可两个方差加起来只有 $1 + 5 = 6$。少的 4 是协方差的两倍。
# 把 $\mathbb{E}[((X - \mu_1) + (Y - \mu_2))^2]$ 展开：两个平方项是两个方差，交叉项是 $2\,\mathbb{E}[(X - \mu_1)(Y - \mu_2)]$，而协方差等于 $\rho \sigma_1 \sigma_2$。
# 一起变（$\rho > 0$）时，正负相消得少，和散得更开；反着变时，散得更少。$\rho = -1$ 时方差是 $(\sigma_1 - \sigma_2)^2$：两个 $\sigma$ 若相等，和就不变，总是 $\mu_1 + \mu_2$。
# 图里 $\sigma_1 = 1$，$\sigma_2 = 2$：拖动滑块，看 $\rho$ 怎样改变和的宽窄。
# %% [markdown] lang="en"
# ### The variance of a sum
#
# The mean of a sum is always $\mu_1 + \mu_2$. And its variance? Back to the four points, where $X + Y$ is 4, 2, $-2$, $-4$: the variance is $(16 + 4 + 4 + 16)/4 = 10$, but the two variances only make $1 + 5 = 6$. The missing 4 is twice the covariance.
# Multiply out $\mathbb{E}[((X - \mu_1) + (Y - \mu_2))^2]$: the squares are the two variances, the cross term is $2\,\mathbb{E}[(X - \mu_1)(Y - \mu_2)]$, and the covariance is $\rho \sigma_1 \sigma_2$.
# If they vary together ($\rho > 0$), plus and minus cancel less often, and the sum spreads more; if they vary against each other, less. At $\rho = -1$ the variance is $(\sigma_1 - \sigma_2)^2$: if the two $\sigma$ are equal, the sum doesn't vary, it is always $\mu_1 + \mu_2$.
# In the figure $\sigma_1 = 1$ and $\sigma_2 = 2$: move the slider and see how $\rho$ changes the width of the sum.
# %%
if __name__ == "__main__":
    x, y = torch.tensor([[1.0, 3], [1, 1], [-1, -1], [-1, -3]]).T
    parts = x.var(correction=0), y.var(correction=0), 2 * (x * y).mean()
    print("variances and twice the covariance:", [round(v.item(), 2) for v in parts])
    print(f"of the sum {(x + y).var(correction=0):.0f}, of the difference {(x - y).var(correction=0):.0f}")
    figures.correlated_sums().show()


# %% [markdown] lang="zh"
# ### 练习 · 两个正态变量之和 · 10 分钟
#
# 给你五个数，返回两个数：$X + Y$ 的均值和*方差*（不开方）。`rho` 从 $-1$ 到 1。例如 $\mu = (1, -4)$，$\sigma = (2, 3)$，$\rho = 0.5$：均值 $-3$，方差 $4 + 9 + 6 = 19$。
# %% [markdown] lang="en"
# ### Exercise · the sum of two Gaussians · 10 min
#
# You get five numbers and return two: the mean and the *variance* of $X + Y$ (no root). `rho` is from $-1$ to 1. For example, $\mu = (1, -4)$, $\sigma = (2, 3)$, $\rho = 0.5$ give the mean $-3$ and the variance $4 + 9 + 6 = 19$.
# %% exercise="sum_of_gaussians" difficulty=2 importance=4 minutes=10
def sum_of_gaussians(mu1: float, sigma1: float, mu2: float, sigma2: float, rho: float) -> tuple[float, float]:
    """The mean and the variance of X + Y."""
    # solution
    return mu1 + mu2, sigma1**2 + sigma2**2 + 2 * rho * sigma1 * sigma2


if __name__ == "__main__":
    if tests.test_sum_of_gaussians(sum_of_gaussians) and tests.test_sample_gaussians(sample_gaussians):
        mean, std = torch.tensor([1.0, 0.0]), torch.tensor([1.0, 2.0])
        for rho in (-1, -0.5, 0, 0.5, 1):
            samples = sample_gaussians(5000, mean, std, rho, torch.Generator().manual_seed(0))
            computed, measured = sum_of_gaussians(1, 1, 0, 2, rho)[1], samples.sum(dim=1).var()
            print(f"ρ = {rho}: variance of the sum {computed:.2f}, of 5000 samples {measured:.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# $(a + b)^2$ 有哪三项？各取期望，它们分别叫什么？
# %% [markdown] lang="en" tags=["hint"]
# Which three terms does $(a + b)^2$ have? Take the expectation of each: what are they called?
# %% [markdown] lang="zh" tags=["hint"]
# 三项是两个方差和两倍的协方差；协方差由 `rho` 和两个标准差相乘得到。
# %% [markdown] lang="en" tags=["hint"]
# They are two variances and twice the covariance; the covariance is a product of `rho` and the two standard deviations.
# %% [markdown] lang="zh" tags=["question"] see="sum_of_gaussians"
# 两个正态变量之和是什么分布？独立时怎样，相关时又怎样？$\rho = -1$ 呢？
# %% [markdown] lang="en" tags=["question"] see="sum_of_gaussians"
# What is the distribution of the sum of two Gaussians, independent or correlated? And at $\rho = -1$?
# %% [markdown] lang="zh" tags=["answer"]
# 联合正态时，和也是正态，均值 $\mu_1 + \mu_2$，方差 $\sigma_1^2 + \sigma_2^2 + 2\rho\sigma_1\sigma_2$；独立时最后一项是 0。
# 方差相加只要求不相关，不要求独立；要说“和仍是正态”，则需要联合正态：上面的 $X \pm X$ 有一半时候恰好是 0。
# $\rho = -1$ 时方差是 $(\sigma_1 - \sigma_2)^2$，只在 $\sigma_1 = \sigma_2$ 时为 0；那时和恒等于 $\mu_1 + \mu_2$，不一定是 0。
# %% [markdown] lang="en" tags=["answer"]
# If they are jointly normal, so is the sum, with mean $\mu_1 + \mu_2$ and variance $\sigma_1^2 + \sigma_2^2 + 2\rho\sigma_1\sigma_2$; independence makes the last term 0.
# For variances to add, uncorrelated is enough, independent is not needed; that the sum is normal needs joint normality: $X \pm X$ above is exactly 0 half of the time.
# At $\rho = -1$ the variance is $(\sigma_1 - \sigma_2)^2$, which is 0 only if $\sigma_1 = \sigma_2$; then the sum is the constant $\mu_1 + \mu_2$, which need not be 0.
# %% [markdown] lang="zh" numbers="7.00 6.10 6.01"
# ## 2 · 微积分
# ### 导数：动一点点，变多少
#
# 训练要问的是：这个权重动一点点，损失变多少？
# $f(x) = x^2$，站在 $x = 3$，值是 9。往右走 1，到 16，变了 7，每单位 7.00；走 0.1，到 9.61，每单位 6.10；走 0.01，每单位 6.01。
# 步子越小，越靠近 6，这个极限就是导数（derivative），记作 $f'(3)$：在这一点贴得最紧的那条直线的斜率。$\frac{f(x + h) - f(x)}{h}$ 叫差商，$h$ 是步长。
# 拖动滑块，把图放大：曲线越看越像它的切线。在很小的范围内，可以拿直线代替曲线，$f(x + h) \approx f(x) + f'(x)\,h$。
# %% [markdown] lang="en" numbers="7.00 6.10 6.01"
# ## 2 · Calculus
# ### The derivative: how much changes for a small move
#
# Training asks: if this weight moves a little, how much does the loss change?
# Take $f(x) = x^2$ and stand at $x = 3$, where it is 9. A step of 1 to the right leads to 16, a change of 7, or 7.00 per unit; a step of 0.1 leads to 9.61, 6.10 per unit; a step of 0.01 has 6.01 per unit.
# The smaller the step, the closer to 6; this limit is the **derivative**, written $f'(3)$, the slope of the line that fits best at this point. $\frac{f(x + h) - f(x)}{h}$ is called a difference quotient, and $h$ the step.
# Zoom in with the slider: the curve looks more and more like its tangent. Within a small range a line can stand for the curve, $f(x + h) \approx f(x) + f'(x)\,h$.
# %%
if __name__ == "__main__":
    for h in (1, 0.1, 0.01):
        print(f"h = {h}: {((3 + h) ** 2 - 3**2) / h:.2f} per unit")
    figures.zoom().show()


# %% [markdown] lang="zh" tags=["question"] see="central_difference"
# 电脑上求 $\sin$ 在 1 处的导数，$h$ 从 0.1 一路减到 $10^{-15}$，每次除以 10。误差会一直变小吗？画出你猜的曲线，再运行。
# %% [markdown] lang="en" tags=["question"] see="central_difference"
# A computer takes the derivative of $\sin$ at 1, with $h$ from 0.1 down to $10^{-15}$, each a tenth of the one before. Does the error get smaller all the way? Draw the curve that you expect, then run.
# %% [markdown] lang="zh" tags=["answer"]
# 不会：先降后升，在 $10^{-8}$ 附近最小。
# 误差有两份。$h$ 太大，直线代替不了曲线，这一份与 $h$ 成正比。$h$ 太小，$f(x + h)$ 与 $f(x)$ 几乎相等，相减时有效数字没了（灾难性抵消），剩下约 $10^{-16}$ 的舍入误差（Python 的浮点数约有 16 位有效数字），还要除以 $h$。
# 两份相等的地方最好：$h \approx 10^{-16}/h$，即 $h \approx 10^{-8}$。
# %% [markdown] lang="en" tags=["answer"]
# No: it falls and then rises again, and is least near $10^{-8}$.
# The error has two parts. If $h$ is too large, the line can't stand for the curve: this part is proportional to $h$. If $h$ is too small, $f(x + h)$ and $f(x)$ are nearly equal, the digits cancel (catastrophic cancellation), and a rounding error of about $10^{-16}$ is left (Python's floats have about 16 digits), which is divided by $h$.
# It is best where both are equal: $h \approx 10^{-16}/h$, so $h \approx 10^{-8}$.
# %%
if __name__ == "__main__":
    steps = [10.0**-k for k in range(1, 16)]
    one_sided = [abs((math.sin(1 + h) - math.sin(1)) / h - math.cos(1)) for h in steps]
    for h, error in list(zip(steps, one_sided, strict=True))[::2]:  # strict: an error if the lengths differ
        print(f"h = {h:.0e}: error {error:.0e}")
    figures.difference_errors(steps, one_sided).show()


# %% [markdown] lang="zh" numbers="15.25 12.25"
# ### 从两边走
#
# 误差有两份。$h$ 大，直线跟不上曲线：这一份随 $h$ 变大。$h$ 小，两个几乎相等的数相减，剩下的多是舍入误差，还要除以 $h$：这一份随 $h$ 变小而变大。两份差不多大时最好，这里 $h$ 约为 $10^{-8}$。
# 有一个改进，同样只算两次 $f$：从两边各走一步，$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$，叫中心差商（central difference）。
# $f(x) = x^3$ 在 2 处，导数是 12，$h = 0.5$。单侧：$(15.625 - 8)/0.5 = 15.25$。中心：$(15.625 - 3.375)/1 = 12.25$。
# 曲线的弯曲在两边是对称的，一减就消掉了；剩下的误差随 $h^2$ 缩小，记作 $O(h^2)$，单侧的只随 $h$，记作 $O(h)$：$h$ 减半，前者剩四分之一，后者剩一半。
# 误差图的两个轴都是对数刻度，叫双对数图（log-log plot）：随 $h^k$ 缩小的误差，在上面是一条斜率为 $k$ 的直线。
# %% [markdown] lang="en" numbers="15.25 12.25"
# ### A step to either side
#
# The error has two parts. With a large $h$ the line can't follow the curve: this part grows with $h$. With a small $h$ two nearly equal numbers are subtracted, what is left is mostly rounding error, and it is divided by $h$: this part grows as $h$ gets smaller. It is best where both are about equal, here at an $h$ near $10^{-8}$.
# An improvement, again with only two values of $f$: take a step to either side, $f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$, the **central difference**.
# For $f(x) = x^3$ at 2 the derivative is 12; take $h = 0.5$. One side gives $(15.625 - 8)/0.5 = 15.25$, the central one $(15.625 - 3.375)/1 = 12.25$.
# The bend of the curve is the same on both sides and cancels in the subtraction; the error that is left shrinks as $h^2$, written $O(h^2)$, that of one side only as $h$, written $O(h)$: halve $h$, and the central error falls to a quarter, the one-sided one to a half.
# Both axes of the figure of errors are logarithmic (a **log-log plot**): there an error that shrinks as $h^k$ is a straight line of slope $k$.
# %%
if __name__ == "__main__":
    for h in (0.5, 0.05, 0.005):
        ahead, here, behind = (2 + h) ** 3, 2**3, (2 - h) ** 3
        one_side, both_sides = (ahead - here) / h, (ahead - behind) / (2 * h)
        print(f"h = {h}: one side {one_side:.2f}, both {both_sides:.6g}")
        print(f"   errors: {one_side - 12:.6f} and {both_sides - 12:.6f}")


# %% [markdown] lang="zh"
# ### 练习 · 中心差商 · 10 分钟
#
# `f` 接收一个浮点数，返回一个浮点数；你返回它在 `x` 处的中心差商，一个数，浮点数或没有轴的张量都行。上面的例子应得 12.25；步长大到 10、小到 $10^{-6}$ 都按这个公式。
# 第 3 天的 `part3_networks` 用它检验手写的梯度。
# %% [markdown] lang="en"
# ### Exercise · the central difference · 10 min
#
# `f` takes a float and gives a float; return its central difference at `x`, a float or a tensor without axes. The example above should give 12.25; use this formula whether the step is as large as 10 or as small as $10^{-6}$.
# On day 3 `part3_networks` checks handwritten gradients with it.
# %% exercise="central_difference" difficulty=1 importance=5 minutes=10
def central_difference(f: Callable[[float], float], x: float, h: float) -> float:
    """An approximation of f'(x) from f at x + h and x - h."""
    # solution
    return (f(x + h) - f(x - h)) / (2 * h)


if __name__ == "__main__":
    if tests.test_central_difference(central_difference):
        steps = [10 ** (-k / 2) for k in range(25)]
        central = [abs(central_difference(math.sin, 1.0, h) - math.cos(1)) for h in steps]
        forward = [abs((math.sin(1 + h) - math.sin(1)) / h - math.cos(1)) for h in steps]
        figures.difference_errors(steps, forward, central).show()
        right, left = (abs(0.1) - abs(0)) / 0.1, (abs(0) - abs(-0.1)) / 0.1
        print(f"|x| at 0: right {right}, left {left}, central {central_difference(abs, 0.0, 0.1)}")
        slopes = [math.log10(errors[2] / errors[4]) for errors in (central, forward)]
        print(f"slope on the log-log plot: central {slopes[0]:.2f}, one-sided {slopes[1]:.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 两个点相距多远？`a / 2 * h` 与 `a / (2 * h)` 相等吗？
# %% [markdown] lang="en" tags=["hint"]
# How far apart are the two points? Is `a / 2 * h` the same as `a / (2 * h)`?
# %% [markdown] lang="zh" tags=["question"] see="central_difference"
# `central_difference(abs, 0.0, h)` 给出 0。$|x|$ 在 0 处的导数真是 0 吗？怎样用差商看出来？
# %% [markdown] lang="en" tags=["question"] see="central_difference"
# `central_difference(abs, 0.0, h)` gives 0. Is the derivative of $|x|$ at 0 really 0? How do difference quotients show it?
# %% [markdown] lang="zh" tags=["answer"]
# 不是：那里是个尖角，没有导数。从右边走一步，差商是 1；从左边走，是 $-1$；放大多少倍也不像一条直线。
# 中心差商把两边平均成 0，看起来却很正常。公式总会给一个数，这个数有没有意义，要另外想。ReLU 在 0 处也有这样的角，PyTorch 在那里约定取 0。
# %% [markdown] lang="en" tags=["answer"]
# No: there is a corner, and no derivative. A step to the right has the quotient 1, a step to the left $-1$; however far you zoom in, it doesn't look like one line.
# The central difference averages the two to 0, which looks harmless. A formula always gives a number; whether it means something is another question. ReLU has such a corner at 0, where PyTorch takes 0 by convention.
# %% [markdown] lang="zh" numbers="2.6667 2.7083 2.7183 13 -0.33"
# ### 泰勒多项式：比直线更紧
#
# 直线只在很近处贴得住。要贴得更远，就让弯曲也相同：二阶导数 $f''$ 是导数的导数，说的是弯得多厉害；再往下是三阶、四阶，第 $k$ 阶记作 $f^{(k)}$。
# 在 $a$ 处与 $f$ 的值和前几阶导数都相同的多项式，叫泰勒多项式（Taylor polynomial）：$\sum_k \frac{f^{(k)}(a)}{k!} (x - a)^k$，$k$ 从 0 数起，$k! = 1 \cdot 2 \cdots k$，$0! = 1$。
# 为什么除以 $k!$？$x^3$ 求导一次是 $3x^2$，两次 $6x$，三次 $6 = 3!$：除以 $3!$，三阶导数才正好是要的那个数。
# 用铅笔算 $e$：$e^x$ 的各阶导数还是 $e^x$，在 0 处都是 1。所以 $e^1 \approx 1 + 1 + \frac{1}{2} + \frac{1}{6} + \frac{1}{24}$：逐项加下去是 1、2、2.5、2.6667、2.7083，真值 2.7183。
# 最常见的错，是忘了除以 $k!$。$\cos$ 在 0 处的各阶导数是 1、0、$-1$、0、1：四次多项式 $1 - \frac{x^2}{2} + \frac{x^4}{24}$ 在 2 处约为 $-0.33$，真值 $-0.42$；忘了除，就成了 $1 - 4 + 16 = 13$。另一个错，是 $a$ 不为 0 时还写 $x^k$，而不是 $(x - a)^k$。要在 2 附近准，就在 2 附近展开。
# %% [markdown] lang="en" numbers="2.6667 2.7083 2.7183 13 -0.33"
# ### Taylor polynomials: closer than a line
#
# A line fits only nearby. To fit further, let the bend be the same, too: the second derivative $f''$ is the derivative of the derivative and says how much the curve bends; then come the third, the fourth and so on, and the $k$-th is written $f^{(k)}$.
# The polynomial whose value and first few derivatives at $a$ are those of $f$ is the **Taylor polynomial**, $\sum_k \frac{f^{(k)}(a)}{k!} (x - a)^k$, where $k$ counts from 0, $k! = 1 \cdot 2 \cdots k$ and $0! = 1$.
# Why divide by $k!$? The derivative of $x^3$ is $3x^2$, the next $6x$, the third $6 = 3!$: only after dividing by $3!$ is the third derivative the number that you want.
# $e$ by hand: every derivative of $e^x$ is $e^x$ again, and 1 at 0. So $e^1 \approx 1 + 1 + \frac{1}{2} + \frac{1}{6} + \frac{1}{24}$: term by term 1, 2, 2.5, 2.6667, 2.7083, and the true value is 2.7183.
# The most common mistake is to forget $k!$. At 0 the derivatives of $\cos$ are 1, 0, $-1$, 0, 1: the polynomial of degree 4, $1 - \frac{x^2}{2} + \frac{x^4}{24}$, is about $-0.33$ at 2, and the true value $-0.42$; without the division you get $1 - 4 + 16 = 13$. Another mistake is to write $x^k$ for $(x - a)^k$ where $a$ isn't 0. To be precise near 2, expand near 2.
# %% [markdown] lang="zh" tags=["question"] see="taylor_polynomial"
# 下一格画出 $\sin$ 和它在 0.5 处的泰勒多项式。把次数调到 13，两头怎样？只有前两项时，离 $a$ 多远还信得过？这对训练的步长说明什么？
# %% [markdown] lang="en" tags=["question"] see="taylor_polynomial"
# The next cell draws $\sin$ with its Taylor polynomials at 0.5. Set the degree to 13: what happens at both ends? With two terms only, how far from $a$ can you trust it? What does this say about the steps of training?
# %% [markdown] lang="zh" tags=["answer"]
# 这里次数越高，贴合的范围越宽，可是走得够远，最高次项总会飞走。
# 直线只在弯曲还看不出来的地方信得过：误差约为 $\frac{1}{2} f''(a)\,(x - a)^2$，距离加倍，误差约为四倍。
# 梯度下降每一步都信任一条直线，所以曲率越大，步子就得越小；下面会算出“多小”：学习率要小于 2 除以曲率。
# %% [markdown] lang="en" tags=["answer"]
# Here a higher degree fits a wider range, but far enough out the highest power always flies off.
# A line can be trusted only while the bend doesn't show: its error is about $\frac{1}{2} f''(a)\,(x - a)^2$, so at twice the distance it is about four times as large.
# Each step of gradient descent trusts a line, so the larger the curvature, the smaller the step must be; how small is computed below: a learning rate under 2 divided by the curvature.
# %%
if __name__ == "__main__":
    terms = [1 / math.factorial(k) for k in range(8)]
    print([round(total, 4) for total in itertools.accumulate(terms)], "e:", round(math.e, 4))  # the sums so far
    print(
        f"cos 2: degree 4 gives {1 - 2**2 / 2 + 2**4 / 24:.2f}, without k! {1 - 2**2 + 2**4}, truth {math.cos(2):.2f}"
    )
    for far in (0.4, 0.2, 0.1):
        line, bend = 1 + far, 1 + far + far**2 / 2
        print(f"e^{far}: the line is {math.exp(far) - line:.5f} off, with the bend {math.exp(far) - bend:.5f}")
    figures.sine().show()


# %% [markdown] lang="zh"
# ### 练习 · 泰勒多项式 · 15 分钟
#
# 离 $a$ 够远，最高次项总会占上风，多项式就飞走；在 $a$ 附近，直线的误差约为 $\frac{1}{2} f''(a)\,(x - a)^2$，距离加倍，约为四倍。
# 一般地，$a$ 附近的误差主要是略去的第一项，所以只要这一项不是 0，$n$ 次多项式的误差就随 $|x - a|^{n + 1}$ 缩小：上面的距离一次次减半，直线的误差约剩四分之一，加上弯曲约剩八分之一。
# `derivatives` 是 $f(a)$、$f'(a)$、$f''(a)$……的列表，至少一项，可以有 0；返回多项式在每个 `x` 处的值，与 `x` 形状相同。
# 例如 `[2.0, 3.0]`，`a` 是 1：在 $x = 2$ 处是 $2 + 3 \cdot (2 - 1) = 5$；只给 `[2.0]`，就处处是 2。
# 列表可以有 25 项；用 `x` 的类型来算就够准。注意 $21!$ 已经放不进 64 位整数：Python 自己的整数没有上限，整数张量却会悄悄溢出，张量除以这么大的整数会报错（OverflowError）；`float(math.factorial(k))` 就没有这些麻烦。
# 训练的每一步看到的，只是前两项。
# %% [markdown] lang="en"
# ### Exercise · the Taylor polynomial · 15 min
#
# Far enough from $a$ the highest power always wins, and the polynomial flies off; near $a$ the error of a line is about $\frac{1}{2} f''(a)\,(x - a)^2$, about four times as large at twice the distance.
# In general the error near $a$ is mostly the first term left out; if this term isn't 0, the error of a polynomial of degree $n$ shrinks as $|x - a|^{n + 1}$: each time the cell above halves the distance, about a quarter of the line's error is left, and with the bend about an eighth.
# `derivatives` is the list of $f(a)$, $f'(a)$, $f''(a)$ and so on, at least one number, some perhaps 0; return the value of the polynomial at each `x`, in the shape of `x`.
# For example, `[2.0, 3.0]` with `a` 1 gives $2 + 3 \cdot (2 - 1) = 5$ at $x = 2$; with `[2.0]` alone it is 2 everywhere.
# The list may have 25 numbers; to compute in the type of `x` is precise enough. Note that $21!$ doesn't fit in an integer of 64 bits: Python's own integers have no limit, but an integer tensor overflows silently, and to divide a tensor by so large an integer raises an OverflowError; `float(math.factorial(k))` has neither problem.
# A step of training sees no more than the first two terms.
# %% exercise="taylor_polynomial" difficulty=2 importance=3 minutes=15
def taylor_polynomial(derivatives: list[float], a: float, x: Float[Tensor, " points"]) -> Float[Tensor, " points"]:
    """The polynomial at each x; `derivatives` are f(a), f'(a), f''(a) and so on, at least one."""
    # solution
    value = torch.zeros_like(x)
    for k, derivative in enumerate(derivatives):
        value = value + derivative / math.factorial(k) * (x - a) ** k
    return value


if __name__ == "__main__":
    if tests.test_taylor_polynomial(taylor_polynomial):
        x = torch.linspace(-0.9, 2.5, 301)  # ln(1 + x) at 0: its derivatives are 0, 1, -1, 2!, -3!, 4! and so on
        derivatives = [0.0] + [(-1.0) ** (k + 1) * math.factorial(k - 1) for k in range(1, 14)]
        figures.logarithm(x, [taylor_polynomial(derivatives[: k + 1], 0.0, x) for k in range(14)]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 第 $k$ 项由哪三样东西组成？其中哪一样与 `x` 有关？
# %% [markdown] lang="en" tags=["hint"]
# Which three things make up term $k$? Which of them depends on `x`?
# %% [markdown] lang="zh" tags=["hint"]
# `enumerate(derivatives)` 同时给出 $k$ 和 $f^{(k)}(a)$；阶乘是 `float(math.factorial(k))`；幂里是 $x - a$，不是 $x$。
# %% [markdown] lang="en" tags=["hint"]
# `enumerate(derivatives)` gives $k$ and $f^{(k)}(a)$ together; the factorial is `float(math.factorial(k))`; the power is of $x - a$, not of $x$.
# %% [markdown] lang="zh"
# ### 链式法则：变化率相乘
#
# 网络是函数套函数。最里层的数动一点，最后的结果动多少？
# 先看数。$u = x^2$，$y = 5u$，在 $x = 3$。$x$ 动一点点，$u$ 动它的 $2x = 6$ 倍；$u$ 动一点点，$y$ 动它的 5 倍。合起来 $5 \cdot 6 = 30$ 倍。
# 不是 $5 + 6$：像两级齿轮，传动比相乘（不过齿轮的传动比固定，这里的 6 换一个 $x$ 就变了）。这就是链式法则（chain rule）：嵌套的函数，变化率相乘。
# %% [markdown] lang="en"
# ### The chain rule: rates multiply
#
# A network is functions inside functions. If the innermost number moves a little, how far does the result move?
# Numbers first. $u = x^2$ and $y = 5u$, at $x = 3$. If $x$ moves a little, $u$ moves $2x = 6$ times as much; if $u$ moves a little, $y$ moves 5 times as much. Together $5 \cdot 6 = 30$ times.
# Not $5 + 6$: as with two pairs of gears, the ratios multiply (but the ratio of gears is fixed, and this 6 is another number at another $x$). This is the **chain rule**: rates of nested functions are multiplied.
# %%
if __name__ == "__main__":
    x, h = 3.0, 0.001
    u, moved = x**2, (x + h) ** 2
    print(f"u moves {(moved - u) / h:.2f} times as much as x")
    print(f"y moves {(5 * moved - 5 * u) / (moved - u):.2f} times as much as u")
    print(f"y moves {(5 * moved - 5 * u) / h:.2f} times as much as x")


# %% [markdown] lang="zh"
# ### 许多输入，许多输出
# 进出都是向量时，“变化率”是一张表，叫雅可比矩阵（Jacobian）：第 $i$ 行第 $j$ 列是第 $i$ 个输出对第 $j$ 个输入的导数。
# 先做 $f(a, b) = (ab,\ a + b)$，在 $(2, 3)$ 处：$ab$ 对 $a$ 的导数是 3，对 $b$ 是 2；$a + b$ 的都是 1。后做 $g(u, v) = 4u - 2v$，只有一行 $(4, -2)$。
# $a$ 动一点点，经两条路到达输出：经 $u$ 是 $4 \cdot 3$，经 $v$ 是 $-2 \cdot 1$，相加得 10；$b$ 同理得 $4 \cdot 2 - 2 \cdot 1 = 6$。
# 每条路上相乘，各条路相加，正是矩阵乘法：后做的在左，先做的在右。
# 每个雅可比矩阵都取在*它自己的输入*处：$J_f$ 取在 $(2, 3)$，$J_g$ 取在 $f(2, 3) = (6, 5)$；这里的 $g$ 处处一样，看不出差别。
# 把 $g$ 换成 $uv$ 就看得出了：它那一行是 $(v, u)$，在 $(6, 5)$ 处是 $(5, 6)$，乘出来是 $(21, 16)$；错取在 $(2, 3)$ 处，则是 $(11, 8)$。
# %% [markdown] lang="en"
# ### Many inputs, many outputs
# With vectors in and out, the rate is a table, the **Jacobian**: row $i$, column $j$ holds the derivative of output $i$ with respect to input $j$.
# First $f(a, b) = (ab,\ a + b)$, at $(2, 3)$: the derivative of $ab$ with respect to $a$ is 3, with respect to $b$ 2; those of $a + b$ are 1. Then $g(u, v) = 4u - 2v$, with one row $(4, -2)$.
# A small move of $a$ reaches the output by two paths, through $u$ with $4 \cdot 3$, through $v$ with $-2 \cdot 1$, which add to 10; for $b$ it is $4 \cdot 2 - 2 \cdot 1 = 6$.
# Multiply along each path and add over the paths: this is the matrix product, the later step on the left, the first on the right.
# Each Jacobian is taken at the input of *its own* step: $J_f$ at $(2, 3)$, $J_g$ at $f(2, 3) = (6, 5)$; here it makes no difference, as this $g$ has the same one everywhere.
# With $uv$ for $g$ it does: its row $(v, u)$ is $(5, 6)$ at $(6, 5)$, and the product is $(21, 16)$; taken at $(2, 3)$ by mistake, it would be $(11, 8)$.
# %%
def two_steps(v: Float[Tensor, " 2"]) -> Float[Tensor, " 1"]:
    """First (ab, a + b), then 4u - 2v."""
    u = torch.stack([v.prod(), v.sum()])
    return (4 * u[0] - 2 * u[1])[None]


if __name__ == "__main__":
    J_f = torch.tensor([[3.0, 2], [1, 1]])  # two outputs, two inputs
    J_g = torch.tensor([[4.0, -2]])  # one output, two inputs
    print("product:", (J_g @ J_f).tolist(), " shapes", tuple(J_g.shape), "@", tuple(J_f.shape))
    here = torch.tensor([2.0, 3.0])  # autograd: the part of PyTorch that finds derivatives
    print("autograd:", torch.autograd.functional.jacobian(two_steps, here).tolist())
    for nudge in torch.eye(2) / 1000:
        print(f"a nudge: {1000 * (two_steps(here + nudge) - two_steps(here)).item():.1f}")


# %% [markdown] lang="zh"
# ### 练习 · 链式法则 · 15 分钟
# 给你每一步的雅可比矩阵，排在列表里，*先做的在前*；返回整个复合函数的雅可比矩阵，形状是 `(d_out, d_in)`。
# 例如先做的是 $\begin{pmatrix}1 & 2\\ 0 & 1\end{pmatrix}$，后做的是 $\begin{pmatrix}3 & 0\\ 1 & -1\end{pmatrix}$：结果是 $\begin{pmatrix}3 & 6\\ 1 & 1\end{pmatrix}$，反过来乘就不对了。
# 至少一步，多少步都行；各步的大小可以不同。反向传播（第 3 天的 `part3_backprop`）就是把这个乘积算得很省。
# %% [markdown] lang="en"
# ### Exercise · the chain rule · 15 min
# You get a list with the Jacobian of each step, *the first step first*; return the Jacobian of the whole composition, of shape `(d_out, d_in)`.
# For example, first $\begin{pmatrix}1 & 2\\ 0 & 1\end{pmatrix}$, then $\begin{pmatrix}3 & 0\\ 1 & -1\end{pmatrix}$: the result is $\begin{pmatrix}3 & 6\\ 1 & 1\end{pmatrix}$, and multiplied the other way it is wrong.
# There is at least one step, there may be many, and their sizes may differ. Backpropagation (`part3_backprop` on day 3) is a way to compute this product cheaply.
# %% exercise="chain_rule" difficulty=2 importance=5 minutes=15
def chain_rule(jacobians: list[Tensor]) -> Float[Tensor, "d_out d_in"]:
    """The Jacobian of the composition, of any number of functions; the list begins with the one that is applied first."""
    # solution
    product = jacobians[-1]
    for jacobian in reversed(jacobians[:-1]):
        product = product @ jacobian
    return product


if __name__ == "__main__":
    if tests.test_chain_rule(chain_rule):
        n, depth = 1000, 3  # three layers of 1000 units, then one loss
        from_loss, from_input = depth * n**2, (depth - 1) * n**3 + n**2
        print(f"multiplications from the loss {from_loss:,}, from the input {from_input:,}")
        print("two steps:", chain_rule([torch.tensor([[3.0, 2], [1, 1]]), torch.tensor([[4.0, -2]])]).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 形状会告诉你顺序：哪两个轴相乘时要一样长？
# %% [markdown] lang="en" tags=["hint"]
# The shapes tell the order: which two axes must be equally long in a product?
# %% [markdown] lang="zh" tags=["hint"]
# 从一头开始，逐个用 `@` 乘上去；从输入那头走，新的一个乘在左边，从输出那头走，乘在右边。
# %% [markdown] lang="en" tags=["hint"]
# Begin at one end and multiply with `@` one by one; from the input's end the next one goes on the left, from the output's end on the right.
# %% [markdown] lang="zh" tags=["question"] see="chain_rule"
# 矩阵乘法满足结合律，从哪一头乘起，结果都一样。那反向传播为什么从损失那一头开始？
# %% [markdown] lang="en" tags=["question"] see="chain_rule"
# Matrix products are associative, and either end may come first. Then why does backpropagation start at the loss?
# %% [markdown] lang="zh" tags=["answer"]
# 损失是一个数，最后一个雅可比矩阵只有一行；从这一头乘起，每一步都是行向量乘矩阵，$n$ 维只要 $n^2$ 次乘法。
# 从输入一头乘起，最后一步之前都是矩阵乘矩阵，每步要 $n^3$ 次。
# 输入少、输出多时正好相反，那时从输入一头乘起更省。
# %% [markdown] lang="en" tags=["answer"]
# The loss is one number, so the last Jacobian has one row; from this end each step is a row times a matrix, $n^2$ multiplications in $n$ dimensions.
# From the input's end each step before the last is a matrix times a matrix, with $n^3$.
# With few inputs and many outputs it is the other way round, and starting at the input is cheaper.
# %% [markdown] lang="zh" numbers="3.0 4.0 5.0"
# ### 梯度指向最陡的上坡
#
# 损失只有一个输出，雅可比矩阵就只有一行；这一行当作向量，就是 `part0_tensors` 里的梯度，一个参数一个数。
# 设某处的梯度是 $(3, 4)$。走很小的一步 $d$，损失约变 $3 d_1 + 4 d_2$，也就是梯度与 $d$ 的内积。步长固定为 1 时，往哪个方向走涨得最多？
# 试三个方向：$(1, 0)$ 涨 3.0，$(0, 1)$ 涨 4.0，$(0.6, 0.8)$ 涨 $1.8 + 3.2 = 5.0$。最后一个正是梯度自己的方向，5 是它的长度；内积在两个向量同向时最大，反向时最小。
# 所以要让损失降得最快，就逆着梯度走。
# %% [markdown] lang="en" numbers="3.0 4.0 5.0"
# ### The gradient is the steepest way up
#
# A loss has one output, so its Jacobian has one row; as a vector, this row is the gradient of `part0_tensors`, one number for each parameter.
# Let the gradient at some place be $(3, 4)$. A very small step $d$ changes the loss by about $3 d_1 + 4 d_2$, the inner product of the gradient and $d$. Of all steps of length 1, which direction gains most?
# Try three: $(1, 0)$ gains 3.0, $(0, 1)$ gains 4.0, and $(0.6, 0.8)$ gains $1.8 + 3.2 = 5.0$. The last one is the gradient's own direction, and 5 is its length; an inner product is largest when two vectors point the same way, and smallest when they point opposite ways.
# So to lower the loss fastest, go against the gradient.
# %%
if __name__ == "__main__":
    gradient = torch.tensor([3.0, 4.0])
    for d in ([1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-0.8, 0.6]):
        print(f"direction {d}: gains {float(gradient @ torch.tensor(d)):.1f}")
    angles = torch.linspace(0, math.tau, 3601)[:-1]  # math.tau is 2π, the whole circle
    ways = torch.stack([angles.cos(), angles.sin()], dim=1)
    print("best of 3600 directions:", [round(v, 2) for v in ways[(ways @ gradient).argmax()].tolist()])
    here = torch.tensor([3.0, 2.0])  # a loss with this gradient: x²/2 + y², with slopes x and 2y
    for name, way in {"uphill": gradient / 5, "downhill": -gradient / 5}.items():
        for length in (0.01, 3.0):
            x, y = here + length * way
            line = length * gradient @ way
            print(f"{length} {name}: changes by {x**2 / 2 + y**2 - 8.5:.3f}, by the line {line:.3f}")


# %% [markdown] lang="zh"
# ### 练习 · 平方误差的导数 · 5 分钟
#
# 一个很简单的损失是平方误差 $\frac{1}{2}(x - y)^2$：$x$ 是预测，$y$ 是标签，也就是正确答案。
# 返回每个元素的损失对*它自己的*预测 $x$ 的导数，形状不变，不求和也不求平均。
# 例如预测 $(3, 0.5, -2)$、标签 $(1, 0.5, 4)$：导数是 $(2, 0, -6)$，正的意思是预测太大。
# 前面的 $\frac{1}{2}$ 只为让结果干净。误差大到几千、小到百万分之一，都要准。
# %% [markdown] lang="en"
# ### Exercise · the derivative of the squared error · 5 min
#
# A very simple loss is the squared error $\frac{1}{2}(x - y)^2$: $x$ is the prediction, and $y$ the label, the right answer.
# Return the derivative of each element's loss with respect to *its own* prediction $x$, in the same shape, with no sum and no mean.
# For example, the predictions $(3, 0.5, -2)$ with the labels $(1, 0.5, 4)$ have the derivatives $(2, 0, -6)$; plus means that the prediction is too large.
# The $\frac{1}{2}$ is only there to make the result clean. It must be right for errors of thousands and of a millionth.
# %% exercise="mse_grad" difficulty=1 importance=4 minutes=5
def mse_grad(x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The derivative of each element's loss with respect to its prediction."""
    # solution
    return x - y


if __name__ == "__main__":
    if tests.test_mse_grad(mse_grad) and tests.test_central_difference(central_difference):
        for x, y in ((3.0, 1.0), (0.5, 0.5), (-2.0, 4.0)):
            yours = mse_grad(torch.tensor([x]), torch.tensor([y])).item()
            checked = central_difference(lambda x, y=y: (x - y) ** 2 / 2, x, 0.1)  # y=y: keep this round's y
            print(f"prediction {x}, label {y}: {yours:.3f}, by central difference {checked:.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 用链式法则：外层是 $\frac{1}{2}u^2$，内层是 $u = x - y$。两层的导数各是什么？
# %% [markdown] lang="en" tags=["hint"]
# By the chain rule: the outer function is $\frac{1}{2}u^2$, the inner one $u = x - y$. What is the derivative of each?
# %% [markdown] lang="zh"
# ### 梯度下降：步子多大合适
#
# 知道了斜率，就可以下坡：一次次逆着梯度走一步，这叫梯度下降（gradient descent），$x \leftarrow x - \eta f'(x)$，$\eta$ 是学习率。
# 在碗 $\frac{1}{2}c\,(x - y)^2$ 里，斜率是 $c\,(x - y)$；$c$ 是二阶导数，也叫曲率，碗越窄越大。一步之后，误差是 $x - y - \eta c\,(x - y) = (1 - \eta c)(x - y)$：每一步都乘同一个数 $1 - \eta c$。
# 从 6 往 2 走，$c = 1$，$\eta = 0.25$，每步乘 0.75：误差 4、3、2.25，位置 6、5、4.25。
# %% [markdown] lang="en"
# ### Gradient descent: how long should a step be
#
# When you know the slope, you can go downhill: step by step against the gradient, which is **gradient descent**, $x \leftarrow x - \eta f'(x)$, with the learning rate $\eta$.
# In the bowl $\frac{1}{2}c\,(x - y)^2$ the slope is $c\,(x - y)$; $c$ is the second derivative, also called the curvature, larger in a narrower bowl. After a step the error is $x - y - \eta c\,(x - y) = (1 - \eta c)(x - y)$: every step multiplies it by the same number, $1 - \eta c$.
# From 6 towards 2, with $c = 1$ and $\eta = 0.25$, each step multiplies by 0.75: errors 4, 3, 2.25, places 6, 5, 4.25.
# %% [markdown] lang="zh" tags=["question"] see="gradient_descent"
# $c = 1$，从 6 往 2 走。$\eta$ 取 0.5、1、1.5、2、2.1，各会怎样：平稳到达、一步到位、来回跳着到达、永远跳，还是越跳越远？逐个写下，再拖动滑块。
# %% [markdown] lang="en" tags=["question"] see="gradient_descent"
# $c = 1$, from 6 towards 2. For $\eta$ of 0.5, 1, 1.5, 2 and 2.1, does it arrive smoothly, arrive in one step, jump back and forth and arrive, jump for ever, or jump further and further away? Write down each, then move the slider.
# %% [markdown] lang="zh" tags=["answer"]
# 误差每步乘 0.5、0、$-0.5$、$-1$、$-1.1$：正好依次是这五种。
# 负的因子就是跨过谷底到了对面；绝对值小于 1 才会靠近，所以收敛的条件是 $|1 - \eta c| < 1$，即 $0 < \eta < 2/c$。
# “学习率越大学得越快”只在 $\eta = 1/c$ 以下成立。
# %% [markdown] lang="en" tags=["answer"]
# Each step multiplies the error by 0.5, 0, $-0.5$, $-1$, $-1.1$: these are the five cases in their order.
# A negative factor means crossing the bottom to the other side; only an absolute value below 1 comes closer, so it converges (comes as near as you like) if $|1 - \eta c| < 1$, that is $0 < \eta < 2/c$.
# “A larger learning rate learns faster” holds only up to $\eta = 1/c$.
# %%
if __name__ == "__main__":
    for eta in (0.25, 0.5, 1.0, 1.5, 2.0, 2.1):
        path, y = [6.0], 2.0
        for _ in range(4):
            slope = path[-1] - y  # where it is now
            path.append(path[-1] - eta * slope)
        print(f"η = {eta}: {[round(x, 3) for x in path]}")
    figures.bowl([0.25, 0.5, 1.0, 1.5, 1.9, 2.0, 2.1], start=6.0, y=2.0).show()


# %% [markdown] lang="zh"
# ### 练习 · 梯度下降 · 15 分钟
#
# 收敛（要多近有多近）的条件是 $|1 - \eta c| < 1$，即 $0 < \eta < 2/c$；$\eta = 1/c$ 一步到位，再大就不是更快了。
# 从 `x0` 出发，在 $\frac{1}{2}(x - y)^2$ 上走 `steps` 步，学习率 `lr`；返回一个张量，有 `steps + 1` 个数：起点，和每一步之后的 $x$。
# 例如从 6 到 2，`lr` 0.25，两步：$(6, 5, 4.25)$。`steps` 可以是 0，那就只有起点；`lr` 可以大到发散，照样如实走完。
# float32 或 float64 都行；循环、公式、`torch.optim.SGD` 都可以。
# %% [markdown] lang="en"
# ### Exercise · gradient descent · 15 min
#
# It **converges** (comes as near as you like) if $|1 - \eta c| < 1$, that is $0 < \eta < 2/c$; $\eta = 1/c$ arrives in one step, and larger isn't faster.
# Start at `x0` and take `steps` steps on $\frac{1}{2}(x - y)^2$ with the learning rate `lr`; return a tensor of `steps + 1` numbers, the start and then $x$ after each step.
# For example, from 6 to 2 with `lr` 0.25, two steps: $(6, 5, 4.25)$. `steps` may be 0, which leaves the start alone; `lr` may be so large that it diverges (goes away for ever): take all the steps nevertheless.
# float32 or float64 will do; so will a loop, a formula, or `torch.optim.SGD`.
# %% exercise="gradient_descent" difficulty=2 importance=5 minutes=15
def gradient_descent(x0: float, y: float, lr: float, steps: int) -> Float[Tensor, " n"]:
    """x at the start and after each step on ½(x − y)²: `steps + 1` values."""
    # solution
    path = [x0]
    for _ in range(steps):
        path.append(path[-1] - lr * (path[-1] - y))
    return torch.tensor(path)


if __name__ == "__main__":
    if tests.test_gradient_descent(gradient_descent):
        figures.descents({lr: gradient_descent(6.0, 2.0, lr, 12) for lr in (0.3, 1.0, 1.7, 2.1)}, y=2.0).show()
        for lr in (0.19, 0.21):  # ½(x² + 10y²): along y the curvature 10 makes each step as long as ten
            x, y = gradient_descent(1.0, 0.0, lr, 20)[-1], gradient_descent(1.0, 0.0, 10 * lr, 20)[-1]
            print(f"two parameters, lr {lr}: after 20 steps x = {float(x):.3f}, y = {float(y):.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 每一步的梯度要在哪里取：在起点，还是在现在所在的地方？
# %% [markdown] lang="en" tags=["hint"]
# Where do you take the gradient at each step: at the start, or where you are now?
# %% [markdown] lang="zh" tags=["hint"]
# 列表从 `x0` 开始，每走一步添一个数；`path[-1]` 就是现在的位置，最后变成张量。
# %% [markdown] lang="en" tags=["hint"]
# A list that begins with `x0` grows by one number at each step; `path[-1]` is where you are, and at the end it becomes a tensor.
# %% [markdown] lang="zh" tags=["question"] see="gradient_descent"
# 两个参数，损失是 $\frac{1}{2}(x^2 + 10 y^2)$，只有一个学习率。它至多能多大？那时沿 $x$ 的误差每步乘几？这为什么让人头疼？
# %% [markdown] lang="en" tags=["question"] see="gradient_descent"
# Two parameters, the loss $\frac{1}{2}(x^2 + 10 y^2)$, and only one learning rate. How large can it be? By what number does each step then multiply the error along $x$? Why is this a problem?
# %% [markdown] lang="zh" tags=["answer"]
# 沿 $y$ 的曲率是 10，所以 $\eta < 0.2$；那时沿 $x$ 每步乘的数大于 $1 - 0.2 = 0.8$，而只有 $x$ 时，$\eta = 1$ 一步就到。
# 取 0.19，沿 $y$ 来回跳，每步乘 $-0.9$，也慢；两边最均衡的是 $\eta = 2/11$，都乘 $\pm 9/11$。最陡的方向定下了步子的上限，最平的方向却要大步子才走得动；第 4 天的 `part4_optimization` 讲的动量和 Adam，就是为此想出的办法。
# %% [markdown] lang="en" tags=["answer"]
# The curvature along $y$ is 10, so $\eta < 0.2$; then a step multiplies the error along $x$ by more than $1 - 0.2 = 0.8$, while $x$ alone would arrive in one step with $\eta = 1$.
# At 0.19 it jumps back and forth along $y$, times $-0.9$ at each step, which is slow as well; $\eta = 2/11$ serves both equally, with $\pm 9/11$. The steepest direction limits the step, and the flattest one would need a large step; momentum and Adam, in `part4_optimization` on day 4, are answers to this.
# %% [markdown] lang="zh"
# 现在你应当能不看上文说出：差商的 `h` 为什么不是越小越好；几步合起来，变化率为什么相乘，几条路为什么相加；学习率的上限从哪里来。
# **影片**：3Blue1Brown 的《微积分的本质》（Essence of calculus；英语，中文字幕版在 Bilibili 的频道“3Blue1Brown 官方双语”）把导数、链式法则、泰勒多项式都画成动画。看的时候想：他用哪个图来说明链式法则是相乘？
#
# 到这里正好休息。
# %% [markdown] lang="en"
# By now you should be able to say without looking back: why the smallest `h` isn't the best in a difference quotient; why rates multiply along steps and add over paths; where the limit of the learning rate comes from.
# **Films**: 3Blue1Brown's *Essence of calculus* (in English; with Chinese subtitles on Bilibili, on its official bilingual channel) draws derivatives, the chain rule and Taylor polynomials in motion. While you watch: by which picture does he show that the chain rule multiplies?
#
# A good place for a break.
# %% [markdown] lang="zh" numbers="1.50 1.75"
# ## 3 · 信息
# ### 二十问：惊讶有多大
#
# 我心里想一种动物，你只能问“是或不是”，问得越少越好。我常想猫：猫 $\frac{1}{2}$，狗 $\frac{1}{4}$，狐狸 $\frac{1}{4}$。
# 先问“是猫吗？”，不是再问“是狗吗？”：猫问 1 次，狗和狐狸各 2 次，平均 $\frac{1}{2} \cdot 1 + \frac{1}{4} \cdot 2 + \frac{1}{4} \cdot 2 = 1.50$ 次。
# 要是先问“是狐狸吗？”，不是再问“是猫吗？”：猫和狗各 2 次，狐狸 1 次，平均 $1 + \frac{1}{2} + \frac{1}{4} = 1.75$ 次。
#
# 好的问题把概率对半分。概率 $\frac{1}{2}$ 的事要 1 个问题，$\frac{1}{4}$ 要 2 个，$\frac{1}{8}$ 要 3 个：概率每乘 $\frac{1}{2}$，问题加 1，也就是 $-\log_2 p$ 个。
# 这就是自信息（self-information），一件概率为 $p$ 的事发生时你的惊讶（surprise），$-\ln p$。深度学习用自然对数，单位叫奈特（nat）；以 2 为底时叫比特（bit），1 个问题是 1 比特，即 $\ln 2 \approx 0.693$ 奈特。
# %% [markdown] lang="en" numbers="1.50 1.75"
# ## 3 · Information
# ### Twenty questions: how large is a surprise
#
# I think of an animal, and you find out which with yes-or-no questions, as few as possible. I often think of the cat: cat $\frac{1}{2}$, dog $\frac{1}{4}$, fox $\frac{1}{4}$.
# Ask “Is it the cat?” first, and if not “Is it the dog?”: the cat takes 1 question, dog and fox take 2, on average $\frac{1}{2} \cdot 1 + \frac{1}{4} \cdot 2 + \frac{1}{4} \cdot 2 = 1.50$.
# Ask “Is it the fox?” first, and if not “Is it the cat?”: cat and dog take 2, the fox 1, on average $1 + \frac{1}{2} + \frac{1}{4} = 1.75$.
#
# A good question splits the probability in half. Something of probability $\frac{1}{2}$ takes 1 question, $\frac{1}{4}$ takes 2, $\frac{1}{8}$ takes 3: each factor $\frac{1}{2}$ adds a question, which makes $-\log_2 p$.
# This is the **self-information**, your **surprise** when something of probability $p$ happens, $-\ln p$. Deep learning takes the natural logarithm, whose unit is the **nat**; with base 2 it is the bit, and one question is one bit, or $\ln 2 \approx 0.693$ nats.
# %% [markdown] lang="zh" tags=["question"] see="entropy"
# 惊讶为什么取 $-\ln p$，而不取 $\frac{1}{p}$？想两件独立的事：掷硬币得正面，掷骰子得 6。两件都发生，概率相乘；惊讶应当怎样？
# %% [markdown] lang="en" tags=["question"] see="entropy"
# Why is surprise $-\ln p$ and not $\frac{1}{p}$? Think of two independent things: a coin shows heads, and a die shows a six. For both together the probabilities multiply; what should the surprises do?
# %% [markdown] lang="zh" tags=["answer"]
# 应当相加：知道第一件，对第二件一点帮助也没有，该吃的惊一点不少。
# 把乘变成加的函数是对数：$-\ln(\frac{1}{2} \cdot \frac{1}{6}) = \ln 2 + \ln 6$；而 $\frac{1}{p}$ 给出 12，不是 $2 + 6$。
# 两头也合理：必然的事 $-\ln 1 = 0$，不可能的事是无穷大。
# %% [markdown] lang="en" tags=["answer"]
# They should add: the first tells nothing about the second, so the second surprises you as much as it does alone.
# The function that turns products into sums is the logarithm: $-\ln(\frac{1}{2} \cdot \frac{1}{6}) = \ln 2 + \ln 6$; but $\frac{1}{p}$ gives 12, not $2 + 6$.
# Both ends fit, too: what is certain has the surprise $-\ln 1 = 0$, and for what is impossible it is infinite.
# %%
if __name__ == "__main__":
    figures.questions().show()
    p = torch.tensor([0.5, 0.25, 0.25])  # cat, dog, fox
    # 10,000 animals drawn by p; with replacement: the same one may come again
    games = torch.multinomial(p, 10_000, replacement=True, generator=torch.Generator().manual_seed(0))
    for first, asked in {"cat": [1.0, 2, 2], "fox": [2.0, 2, 1]}.items():
        questions = torch.tensor(asked)
        played = questions[games].mean()
        print(f"the {first} first: {(p * questions).sum():.2f} on average, in 10,000 games {played:.3f}")
    print("surprise in bits:", (-p.log2()).tolist(), " in nats:", [round(v, 3) for v in (-p.log()).tolist()])
    print(f"coin and die: {-math.log(1 / 12):.3f} = {math.log(2):.3f} + {math.log(6):.3f}")


# %% [markdown] lang="zh" numbers="1.040 1.5"
# ### 熵：平均的惊讶
#
# 独立的事概率相乘，惊讶应当相加，所以是对数。
# 还没有问之前，你预计要吃多大的惊？对每个结果的惊讶取期望，就是熵（entropy），$H(p) = \mathbb{E}[-\ln p] = -\sum_i p_i \ln p_i$。
# 三种动物：$\frac{1}{2} \ln 2 + \frac{1}{4} \ln 4 + \frac{1}{4} \ln 4 = 1.5 \ln 2 = 1.040$ 奈特，也就是 1.5 个问题，正好是好办法的平均；没有哪种问法平均更少。
# 熵不是“混乱”，而是“还不知道多少”：必然的事熵是 0；$k$ 个结果同样可能时最大，是 $\ln k$。
# 不会发生的事不算：$p \to 0$ 时 $p \ln p \to 0$，所以约定 $0 \ln 0 = 0$。用浮点数照公式算，却得 NaN；`torch.special.xlogy(x, y)` 算 $x \ln y$，$x = 0$ 时给 0。
# %% [markdown] lang="en" numbers="1.040 1.5"
# ### Entropy: the mean surprise
#
# Probabilities of independent things multiply, and surprises should add: hence the logarithm.
# Before you have asked anything, how much surprise do you expect? The expectation of the surprise is the **entropy**, $H(p) = \mathbb{E}[-\ln p] = -\sum_i p_i \ln p_i$.
# For the three animals it is $\frac{1}{2} \ln 2 + \frac{1}{4} \ln 4 + \frac{1}{4} \ln 4 = 1.5 \ln 2 = 1.040$ nats, or 1.5 questions, exactly the mean of the good way to ask; no way of asking has a lower mean.
# Entropy isn't “disorder” but “how much is still unknown”: it is 0 for what is certain, and largest for $k$ equally likely results, $\ln k$.
# What never happens adds nothing: as $p \to 0$, $p \ln p \to 0$, so by convention $0 \ln 0 = 0$. Floating point gives NaN if you follow the formula; `torch.special.xlogy(x, y)` computes $x \ln y$, and gives 0 where $x = 0$.
# %%
if __name__ == "__main__":
    print(f"three animals: {-(p * p.log()).sum():.3f} nats = {-(p * p.log2()).sum():.1f} questions")
    for k in (1, 2, 4, 8):
        even = torch.full((k,), 1 / k)
        print(f"{k} equally likely: {-(even * even.log()).sum():.3f} nats, ln {k} = {math.log(k):.3f}")
    zero = torch.tensor(0.0)
    print("0 * ln 0 in floating point:", (zero * zero.log()).item(), " xlogy:", torch.special.xlogy(zero, zero).item())


# %% [markdown] lang="zh"
# ### 练习 · 熵 · 15 分钟
#
# `p` 是一个分布，返回熵，单位是奈特，一个没有轴的张量。例如 $(\frac{1}{4}, \frac{1}{4}, \frac{1}{2})$ 得 $1.5 \ln 2 \approx 1.0397$；换成 $(0, 1, 0)$ 得 0（打印成 `-0.` 也行，它与 0 相等）。
# 概率可以是 0，只算 0，不许得 NaN；也不要靠给概率加一个很小的数来躲开它：结果有一百万个、个个概率都很小时，误差就显出来了。
# 现成的 `torch.special.entr` 也可以用。
# %% [markdown] lang="en"
# ### Exercise · entropy · 15 min
#
# `p` is a distribution; return its entropy in nats, a tensor without axes. For example, $(\frac{1}{4}, \frac{1}{4}, \frac{1}{2})$ gives $1.5 \ln 2 \approx 1.0397$, and $(0, 1, 0)$ gives 0 (`-0.` is fine, it equals 0).
# Probabilities may be 0, which add 0 and must not make NaN; don't get around it by adding a small number to the probabilities either: with a million results, all of small probability, the error shows.
# The ready-made `torch.special.entr` is allowed.
# %% exercise="entropy" difficulty=2 importance=4 minutes=15
def entropy(p: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The entropy of a distribution, in nats; probabilities of 0 add 0."""
    # solution
    return -torch.special.xlogy(p, p).sum()


if __name__ == "__main__":
    if tests.test_entropy(entropy):
        coin, loaded = torch.tensor([0.5, 0.5]), torch.tensor([0.8, 0.2])
        print(f"a fair coin: {float(entropy(coin)):.3f} nats, a loaded one: {float(entropy(loaded)):.3f}")
        two = torch.outer(coin, loaded).flatten()  # both coins together, independent
        print(f"both coins: {float(entropy(two)):.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 期望你写过；这里要平均的“值”是什么？哪一项会成为 NaN？
# %% [markdown] lang="en" tags=["hint"]
# You have written an expectation; which “values” are averaged here? Which term becomes NaN?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.special.xlogy(x, y)` 就是 $x \ln y$，并且在 $x = 0$ 时给 0；或者先用掩码只留下大于 0 的概率。
# %% [markdown] lang="en" tags=["hint"]
# `torch.special.xlogy(x, y)` is $x \ln y$, and gives 0 where $x = 0$; or keep only the probabilities above 0, by a mask.
# %% [markdown] lang="zh" numbers="1.213"
# ### 交叉熵：信错了，平均多惊讶
#
# 那个差的问法，其实是给另一个世界设计的：猫 $\frac{1}{4}$，狗 $\frac{1}{4}$，狐狸 $\frac{1}{2}$。在那里它平均只要 1.5 次，在这里却要 1.75 次。
# 世界按 $p$ 运行，你却信 $q$：结果 $i$ 让你惊讶 $-\ln q_i$，而它以 $p_i$ 的概率发生。平均下来就是交叉熵（cross-entropy），$H(p, q) = -\sum_i p_i \ln q_i$。
# 这里 $H(p, q) = \frac{1}{2} \ln 4 + \frac{1}{4} \ln 4 + \frac{1}{4} \ln 2 = 1.75 \ln 2 = 1.213$ 奈特。
# $p$ 管权重，$q$ 在对数里：一个是世界，一个是信念，不能调换。你说绝不会发生的事（$q_i = 0$）若能发生，交叉熵就是无穷大；若也绝不会发生（$p_i = 0$），就只算 0。
# 图里是一枚硬币，横轴 $p$ 是正面的概率：$H(p)$ 是一条弯的曲线；固定信念 $q$，$H(p, q)$ 就是一条直线，在 $p = q$ 处与曲线相切，别处都在曲线上方。
#
# 分类器的损失正是它：$q$ 是网络给各类的概率，$p$ 把 1 全放在正确的那一类上，只剩这一类的 $-\ln q$，就是 `part0_tensors` 里写过的那个。
# %% [markdown] lang="en" numbers="1.213"
# ### Cross-entropy: the mean surprise of a wrong belief
#
# The bad way of asking was made for another world: cat $\frac{1}{4}$, dog $\frac{1}{4}$, fox $\frac{1}{2}$. There it needs 1.5 questions on average, but here 1.75.
# The world runs by $p$, and you believe in $q$: result $i$ surprises you by $-\ln q_i$, and happens with probability $p_i$. The mean is the **cross-entropy**, $H(p, q) = -\sum_i p_i \ln q_i$.
# Here $H(p, q) = \frac{1}{2} \ln 4 + \frac{1}{4} \ln 4 + \frac{1}{4} \ln 2 = 1.75 \ln 2 = 1.213$ nats.
# $p$ gives the weights, $q$ is in the logarithm: one is the world, the other a belief, and they can't change places. If what you call impossible ($q_i = 0$) can happen, the cross-entropy is infinite; if it never happens ($p_i = 0$), it adds 0.
# The figure is for a coin; its horizontal axis is the probability $p$ of heads. $H(p)$ is a curve; with a fixed belief $q$, $H(p, q)$ is a straight line, the tangent of the curve at $p = q$, and above the curve everywhere else.
#
# This is the loss of a classifier: $q$ is the probability that the network gives to each class, $p$ puts 1 on the right class, and what is left is the $-\ln q$ of that class, which you wrote in `part0_tensors`.
# %% [markdown] lang="zh" tags=["question"] see="cross_entropy"
# 网络什么也不知道，给十个类同样的概率。损失是多少？它与标签有关吗？它是损失的上限吗？先猜，再看下一格那个没有训练过的网络。
# %% [markdown] lang="en" tags=["question"] see="cross_entropy"
# A network knows nothing and gives ten classes equal probabilities. What is its loss? Does it depend on the labels? Is it the largest loss there is? Guess, then look at the untrained network in the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 每个 $-\ln \frac{1}{10}$ 都是 $\ln 10 \approx 2.303$，所以不论 $p$ 是什么，损失都是这个数；$k$ 个类就是 $\ln k$。
# 它是基线，不是上限：自信地猜错，损失比它大得多，直到无穷。刚初始化的网络若远大于它，就是还没学就已经很自信，去查初始化：下一格把分数乘以 30，就是这样。
# 标签有没有错，这里看不出来：均匀猜测的损失与标签无关。
# %% [markdown] lang="en" tags=["answer"]
# Every $-\ln \frac{1}{10}$ is $\ln 10 \approx 2.303$, so the loss is this number whatever $p$ is; for $k$ classes it is $\ln k$.
# It is a baseline and not the largest loss: to be wrong with confidence costs far more, up to infinity. If a fresh network is far above it, it is confident before it has learnt anything, so look at the initialisation: in the next cell the scores times 30 show this.
# Wrong labels don't show here: the loss of the uniform guess is the same for all labels.
# %%
if __name__ == "__main__":
    q = torch.tensor([0.25, 0.25, 0.5])
    print(f"three animals: {-(p * q.log()).sum():.3f} nats = {-(p * q.log2()).sum():.2f} questions")
    fair, biased = torch.tensor([0.5, 0.5]), torch.tensor([0.99, 0.01])
    print(f"world fair, belief biased: {-(fair * biased.log()).sum():.2f}")
    print(f"world biased, belief fair: {-(biased * fair.log()).sum():.2f}")
    torch.manual_seed(0)
    # a network of these layers, one after another
    net = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    pictures, labels = torch.rand(500, 64), torch.randint(0, 10, (500,))
    for name, scores in {"a fresh net": net(pictures), "30 times its scores": 30 * net(pictures)}.items():
        print(f"{name}: loss {torch.nn.functional.cross_entropy(scores, labels).item():.3f}")
    print(f"ln 10 = {math.log(10):.3f}")
    figures.entropies().show()


# %% [markdown] lang="zh"
# ### 练习 · 交叉熵 · 10 分钟
#
# 均匀的猜测，不论标签是什么，损失都是 $\ln k$：它是“什么也不知道”的基线，不是上限；语言模型从词表（vocabulary）$V$（它会写的全部字符或词，共 $|V|$ 个）里猜，基线就是 $\ln |V|$。刚初始化的网络，损失若远大于它，就是还没学就自信，去查初始化。
# 各类多少不一时，还有一条更低的基线：只知道各类的比例，每次都拿这个比例当作概率，损失就是这个比例的熵 $H(p)$。两个类四比一时（上面的偏心硬币）是 0.50，而不是 $\ln 2 \approx 0.69$：损失落在两者之间的模型，还不如只数一数标签。
# 给你两个一样长的分布，返回 $H(p, q)$，一个没有轴的张量。例如 $p = (\frac{3}{4}, \frac{1}{4})$，$q = (\frac{1}{2}, \frac{1}{2})$，得 $\ln 2$。
# $q_i = 0$ 而 $p_i > 0$ 时是正无穷，哪怕 $p_i$ 只有 $10^{-10}$；$p_i = 0$ 时那一项是 0，$q_i$ 是不是 0 都一样。小到 $10^{-30}$ 的概率也要准，所以别给概率加一个很小的数。
# 注意 `torch.nn.functional.cross_entropy` 收的是分数，不是概率：这里直接把 $q$ 交给它，答案就错了。
# %% [markdown] lang="en"
# ### Exercise · cross-entropy · 10 min
#
# The uniform guess loses $\ln k$ whatever the labels are: the baseline of knowing nothing, and not an upper limit. A language model guesses among its **vocabulary** $V$ (the characters or words that it can write), $|V|$ in number: its baseline is $\ln |V|$. If the loss of a fresh network is far above it, the network is confident before it has learnt anything: look at its initialisation.
# Where some classes are more frequent there is a lower baseline, too: know only the share of each class, and always give these shares as the probabilities. The loss is then the entropy of the shares, $H(p)$. For two classes at four to one (the loaded coin above) that is 0.50 and not $\ln 2 \approx 0.69$: a model with a loss in between does worse than counting the labels.
# You get two distributions of equal length; return $H(p, q)$, a tensor without axes. For example, $p = (\frac{3}{4}, \frac{1}{4})$ with $q = (\frac{1}{2}, \frac{1}{2})$ gives $\ln 2$.
# Where $q_i = 0$ and $p_i > 0$ it is plus infinity, even if $p_i$ is only $10^{-10}$; where $p_i = 0$ the term is 0, whether or not $q_i$ is 0. Probabilities as small as $10^{-30}$ must come out right, so add nothing to them.
# Note that `torch.nn.functional.cross_entropy` takes scores and not probabilities: given $q$ as it is, it returns something else.
# %% exercise="cross_entropy" difficulty=2 importance=5 minutes=10
def cross_entropy(p: Float[Tensor, " k"], q: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The mean surprise under p of one who believes in q: infinite where q = 0 < p, nothing where p = 0."""
    # solution
    return -torch.special.xlogy(p, q).sum()


if __name__ == "__main__":
    if tests.test_cross_entropy(cross_entropy):
        for x in (0.5, 0.9, 0.99, 0.999):
            loss = float(cross_entropy(torch.tensor([1.0, 0.0]), torch.tensor([1 - x, x])))
            print(f"belief {x} in the wrong one of two classes: {loss:.3f} nats")


# %% [markdown] lang="zh" tags=["hint"]
# 与熵只差一处：谁加权，谁在对数里？
# %% [markdown] lang="en" tags=["hint"]
# It differs from entropy in one place: which of the two weighs, and which is in the logarithm?
# %% [markdown] lang="zh" tags=["hint"]
# 三种零要想清楚：只有 $p$ 是 0，只有 $q$ 是 0，两个都是 0。`xlogy` 在这三处各给什么？
# %% [markdown] lang="en" tags=["hint"]
# Think through three kinds of zeros: only in $p$, only in $q$, in both. What does `xlogy` give for each?
# %% [markdown] lang="zh" numbers="0.173 0.25"
# ### KL 散度：信错的代价
#
# 交叉熵里有一份是躲不掉的：就算信对了，也要吃 $H(p)$ 的惊。多出来的那一份，才是信错的代价，叫 KL 散度（KL divergence），$\mathrm{KL}(p \parallel q) = H(p, q) - H(p) = \sum_i p_i \ln \frac{p_i}{q_i}$，读作“$p$ 相对于 $q$ 的 KL”。
# 三种动物：$1.75 - 1.5 = 0.25$ 个问题，即 $0.25 \ln 2 = 0.173$ 奈特。上面硬币的图里，它是直线高出曲线的那一段。
# 它从不小于 0，只在 $q = p$ 时为 0：没有哪套信念比真相更少吃惊。（浮点数里，两个几乎相同的分布可能算出 $-10^{-7}$ 这样的数，是舍入误差。）
# %% [markdown] lang="en" numbers="0.173 0.25"
# ### KL divergence: the price of a wrong belief
#
# One part of cross-entropy can't be avoided: even a right belief is surprised by $H(p)$. What comes on top is the price of the wrong belief, the **KL divergence**, $\mathrm{KL}(p \parallel q) = H(p, q) - H(p) = \sum_i p_i \ln \frac{p_i}{q_i}$, read “the KL of $p$ relative to $q$”.
# For the three animals it is $1.75 - 1.5 = 0.25$ questions, or $0.25 \ln 2 = 0.173$ nats. In the figure of the coin above it is the height of the line above the curve.
# It is never below 0, and 0 only for $q = p$: no belief is surprised less than the truth. (In floating point two distributions that are almost the same may give something like $-10^{-7}$, a rounding error.)
# %% [markdown] lang="zh" tags=["question"] see="kl_divergence"
# KL 像一种“距离”。那么 $\mathrm{KL}(p \parallel q)$ 与 $\mathrm{KL}(q \parallel p)$ 相等吗？取 $p = (0.5, 0.5)$，$q = (0.99, 0.01)$：谁信错了更吃亏，是以为硬币公平的人，还是以为它几乎总是正面的人？
# %% [markdown] lang="en" tags=["question"] see="kl_divergence"
# KL looks like a distance. Then are $\mathrm{KL}(p \parallel q)$ and $\mathrm{KL}(q \parallel p)$ equal? Take $p = (0.5, 0.5)$ and $q = (0.99, 0.01)$: whose mistake costs more, that of somebody who takes the coin for fair, or of somebody who takes it for almost always heads?
# %% [markdown] lang="zh" tags=["answer"]
# 不相等，所以它不是距离。
# 硬币公平而信 $q$：一半时候出现“只有 1% 可能”的反面，平均的代价是 1.61 奈特。硬币偏心而信公平：每次惊讶都是 $\ln 2$，平均只多付 0.64。
# 把常常发生的事说成几乎不可能，最贵。
# %% [markdown] lang="en" tags=["answer"]
# No, so it isn't a distance.
# If the coin is fair and you believe $q$, half of the time it shows tails, to which you gave 1%: that costs 1.61 nats on average. If it is loaded and you believe that it is fair, every surprise is $\ln 2$, and on average you pay only 0.64 extra.
# The most expensive mistake is to call something that happens often almost impossible.
# %%
if __name__ == "__main__":
    p, q = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.25, 0.25, 0.5])
    print(f"three animals: {(p * (p / q).log()).sum():.3f} nats = {(p * (p / q).log2()).sum():.2f} questions")
    fair, biased = torch.tensor([0.5, 0.5]), torch.tensor([0.99, 0.01])
    for name, a, b in (("world fair, belief biased", fair, biased), ("world biased, belief fair", biased, fair)):
        print(f"{name}: {(a * (a / b).log()).sum():.2f} nats")


# %% [markdown] lang="zh"
# ### 练习 · KL 散度 · 10 分钟
#
# 调换 $p$ 和 $q$，值就变：KL 不是距离。把常常发生的事说成几乎不可能，代价最大。
# 给你两个一样长的分布，返回 $\mathrm{KL}(p \parallel q)$，一个没有轴的张量。例如 $p = (\frac{1}{2}, \frac{1}{2})$，$q = (\frac{1}{4}, \frac{3}{4})$，得 $\frac{1}{2} \ln \frac{4}{3} \approx 0.1438$。
# 关于零的规定与交叉熵相同：$q_i = 0 < p_i$ 时是正无穷，$p_i = 0$ 的项是 0；极小的概率也要准。`torch.nn.functional.kl_div` 可以用，不过它第一个参数要的是 $\ln q$，而且除非写 `reduction="sum"`，返回的是各项的平均，不是和；另外，$p_i = q_i = 0$ 的项，它给 NaN，要自己处理。
# %% [markdown] lang="en"
# ### Exercise · KL divergence · 10 min
#
# Exchange $p$ and $q$, and the value changes: KL is no distance. It costs most to give almost no probability to something that happens often.
# You get two distributions of equal length; return $\mathrm{KL}(p \parallel q)$, a tensor without axes. For example, $p = (\frac{1}{2}, \frac{1}{2})$ with $q = (\frac{1}{4}, \frac{3}{4})$ gives $\frac{1}{2} \ln \frac{4}{3} \approx 0.1438$.
# The rules for zeros are those of cross-entropy: plus infinity where $q_i = 0 < p_i$, and terms with $p_i = 0$ are 0; tiny probabilities must come out right. `torch.nn.functional.kl_div` is allowed, but its first argument is $\ln q$, and without `reduction="sum"` it returns the mean of the terms and not their sum; and for terms with $p_i = q_i = 0$ it gives NaN, which is left to you.
# %% exercise="kl_divergence" difficulty=2 importance=5 minutes=10
def kl_divergence(p: Float[Tensor, " k"], q: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The sum of p ln(p/q): infinite where q = 0 < p, nothing where p = 0; rounding may make a 0 slightly negative."""
    # solution
    return cross_entropy(p, q) - entropy(p)


if __name__ == "__main__":
    if tests.test_kl_divergence(kl_divergence):
        p = torch.tensor([0.7, 0.2, 0.1])
        beliefs = torch.rand(1000, 3, generator=torch.Generator().manual_seed(0))
        prices = [float(kl_divergence(p, q / q.sum())) for q in beliefs]
        print(f"1000 random beliefs: the cheapest costs {min(prices):.5f}, the most expensive {max(prices):.3f}")
        print(f"the truth costs {float(kl_divergence(p, p)):.5f}")


# %% [markdown] lang="zh" tags=["hint"]
# 它是哪两个量的差？两个你都写过。
# %% [markdown] lang="en" tags=["hint"]
# It is the difference of which two quantities? You have written both.
# %% [markdown] lang="zh" tags=["hint"]
# 直接写 $p \ln \frac{p}{q}$ 也行，那就要自己照看三种零：先用掩码去掉 $p = 0$ 的项。
# %% [markdown] lang="en" tags=["hint"]
# Writing $p \ln \frac{p}{q}$ works, too, but then the three kinds of zeros are yours to handle: leave out the terms with $p = 0$ first, by a mask.
# %% [markdown] lang="zh" tags=["question"] see="kl_divergence"
# 训练时 $p$ 是固定的。最小化交叉熵与最小化 $\mathrm{KL}(p \parallel q)$ 有区别吗？损失降不到 0，一定是模型不好吗？
# %% [markdown] lang="en" tags=["question"] see="kl_divergence"
# In training $p$ is fixed. Does it matter whether you minimise cross-entropy or $\mathrm{KL}(p \parallel q)$? If a loss doesn't go to 0, is it the model's fault?
# %% [markdown] lang="zh" tags=["answer"]
# 没有区别：两者只差 $H(p)$，它与 $q$ 无关，梯度完全相同。
# 区别只在读数：KL 的最小值是 0，交叉熵的最小值是 $H(p)$。标签本身含糊时（同样的图，人也各说各的），$H(p) > 0$，再好的模型，对所有可能数据的期望损失也到不了 0。
# %% [markdown] lang="en" tags=["answer"]
# No: they differ by $H(p)$, which does not depend on $q$, and their gradients are the same.
# Only the reading differs: the least value of KL is 0, that of cross-entropy is $H(p)$. If the labels themselves are unclear (people disagree about the same picture), $H(p) > 0$, and no model gets its expected loss over all possible data to 0.
# %%
if __name__ == "__main__":
    p = torch.tensor([0.5, 0.25, 0.25])
    scores = torch.tensor([0.2, -0.3, 0.1], requires_grad=True)
    q = scores.softmax(dim=0)
    compared = {"cross-entropy": -(p * q.log()).sum(), "KL": (p * (p / q).log()).sum()}
    for name, loss in compared.items():
        (slopes,) = torch.autograd.grad(loss, scores, retain_graph=True)  # keep the graph for the next one
        print(f"{name:13} {loss.item():.4f}, slopes {[round(v, 4) for v in slopes.tolist()]}")


# %% [markdown] lang="zh"
# $p$ 固定时，交叉熵与 KL 只差 $H(p)$，梯度相同；所以损失降不到 0，不一定是模型不好。
# 现在你应当能不看上文说出：惊讶为什么是对数；熵、交叉熵、KL 各是谁的平均、差在哪里；$\ln k$ 是什么的损失。
# **阅读**：Thomas Cover 和 Joy Thomas 的 *Elements of Information Theory*（英语；有中译本《信息论基础》），第 2 章讲熵和 KL（书里叫相对熵），并证明它们的不等式。读的时候想：它从哪个不等式得出 KL 不小于 0？
# Callum McDougall 的网文 *Six (and a half) intuitions for KL divergence*（英语）从六个不同的问题走到同一个公式。读的时候想：其中哪一种就是上面的“二十问”？
# %% [markdown] lang="en"
# With $p$ fixed, cross-entropy and KL differ by $H(p)$ and have the same gradients; so a loss above 0 need not be the model's fault.
# By now you should be able to say without looking back: why surprise is a logarithm; what entropy, cross-entropy and KL are means of, and how they differ; whose loss is $\ln k$.
# **Reading**: Thomas Cover and Joy Thomas, *Elements of Information Theory* (in English; there is a Chinese translation): chapter 2 treats entropy and KL (there called relative entropy) and proves their inequalities. While you read: from which inequality does it follow that KL is at least 0?
# Callum McDougall, *Six (and a half) intuitions for KL divergence* (in English, on the web), comes to the same formula from six different questions. While you read: which of them is our “twenty questions”?
# %% [markdown] lang="zh" numbers="1.386 0.8"
# ## 4 · 分类器的损失
# ### 从分数到概率
#
# “是猫吗？”网络的最后一层给出一个分数 $z$，可正可负，多大都行；概率却要在 0 与 1 之间。怎样换算？
# 概率 0.8 的意思是“四比一”：$0.8 / 0.2 = 4$，这个比叫几率，从 0 到无穷；取对数，$\ln 4 = 1.386$，就可正可负了：0 是一半对一半，加 1 就是几率乘 $e$。这个对数就是 logit，$z = \ln \frac{x}{1 - x}$。
# 倒过来从分数求概率，解出 $x = \frac{1}{1 + e^{-z}}$，这就是 **sigmoid**，写作 $\sigma(z)$（`part0_maths` 里它是一种激活函数）：$\sigma(1.386) = 0.8$。这个字母与标准差的 $\sigma$ 相同，却不是一回事。
# 两个类时它就是 softmax：分数 $(z, 0)$ 的 softmax，第一个正是 $\sigma(z)$。
# %% [markdown] lang="en" numbers="1.386 0.8"
# ## 4 · The loss of a classifier
# ### From scores to probabilities
#
# “Is it a cat?” The last layer of a network gives a score $z$ of any sign and size, but a probability lies between 0 and 1. How do you turn one into the other?
# A probability of 0.8 means “four to one”: $0.8 / 0.2 = 4$ are the odds, from 0 to infinity; their logarithm, $\ln 4 = 1.386$, may have either sign: 0 is half and half, and adding 1 multiplies the odds by $e$. This logarithm is the logit, $z = \ln \frac{x}{1 - x}$.
# Solve for the probability, and $x = \frac{1}{1 + e^{-z}}$, which is the **sigmoid**, written $\sigma(z)$ (in `part0_maths` it was an activation): $\sigma(1.386) = 0.8$. It only shares the letter with the standard deviation's $\sigma$.
# For two classes it is the softmax: of the scores $(z, 0)$, the first probability is $\sigma(z)$.
# %%
if __name__ == "__main__":
    odds = 0.8 / 0.2
    z = torch.tensor(odds).log()
    print(f"odds {odds:.0f}, score {z:.3f}, back {z.sigmoid():.1f}")
    print("softmax of (z, 0):", [round(v, 3) for v in torch.stack([z, 0 * z]).softmax(dim=0).tolist()])
    for score in (-4.0, -1.0, 0.0, 1.0, 4.0):
        print(f"score {score:4}: probability {torch.tensor(score).sigmoid():.3f}, odds {math.exp(score):.3f}")


# %% [markdown] lang="zh" numbers="0.22 1.61"
# ### 二元交叉熵
#
# “是或否”只有两个结果：标签 $y$ 是 1（是）或 0（否），也可以介于其间，如“七成是”；世界是 $(y, 1 - y)$，信念是 $(x, 1 - x)$。它们的交叉熵叫二元交叉熵（binary cross-entropy，BCE），$-y \ln x - (1 - y) \ln(1 - x)$。
# 预测 0.8，答案是“是”：$-\ln 0.8 = 0.22$；答案是“否”：$-\ln 0.2 = 1.61$。
# %% [markdown] lang="en" numbers="0.22 1.61"
# ### Binary cross-entropy
#
# “Yes or no” has two results: the label $y$ is 1 (yes) or 0 (no), or in between, such as “70% yes”; the world is $(y, 1 - y)$ and the belief $(x, 1 - x)$. Their cross-entropy is the **binary cross-entropy**, BCE for short, $-y \ln x - (1 - y) \ln(1 - x)$.
# If you predict 0.8 and the answer is yes, it is $-\ln 0.8 = 0.22$; if the answer is no, $-\ln 0.2 = 1.61$.
# %%
if __name__ == "__main__":
    belief = torch.tensor([0.8, 0.2])  # yes, no
    for name, world in {"yes": [1.0, 0.0], "no": [0.0, 1.0], "70% yes": [0.7, 0.3]}.items():
        print(f"the answer is {name}: {-(torch.tensor(world) * belief.log()).sum():.2f}")
    figures.losses().show()


# %% [markdown] lang="zh" tags=["question"] see="bce_logit_grad"
# 为什么不干脆用平方误差？标签是 1，网络给的分数是 $-5$，也就是自信地猜错。两种损失对 $z$ 的斜率，谁大，大多少倍？再看 $z = -10$。先猜，再运行。
# %% [markdown] lang="en" tags=["question"] see="bce_logit_grad"
# Why not simply take the squared error? The label is 1 and the network's score is $-5$, wrong with confidence. Of the two losses, which has the larger slope with respect to $z$, and how many times larger? And at $z = -10$? Guess, then run.
# %% [markdown] lang="zh" tags=["answer"]
# $z = -5$ 时，交叉熵的斜率约为 $-0.99$，平方误差的约为 $-0.0066$，差 150 倍；$z = -10$ 时差两万多倍。
# sigmoid 的尾巴是平的：分数怎么动，概率都几乎不动，平方误差也就几乎不动。一旦错得离谱，错得越多，学得越慢，正好反了。
# 交叉熵里的对数恰好把这段平的尾巴拉直：下面两题会看到，多余的因子都消掉了。
# %% [markdown] lang="en" tags=["answer"]
# At $z = -5$ the slope of cross-entropy is about $-0.99$ and that of the squared error $-0.0066$, 150 times smaller; at $z = -10$ it is over twenty thousand times smaller.
# The tail of the sigmoid is flat: move the score, and the probability hardly moves, and neither does the squared error. Once it is badly wrong, the worse the error, the slower it learns, which is the wrong way round.
# The logarithm in cross-entropy turns this flat tail into a slope: in the next two exercises you see the extra factors cancel.
# %%
if __name__ == "__main__":
    for score in (-2.0, -5.0, -10.0):
        z = torch.tensor(score, requires_grad=True)
        (squared,) = torch.autograd.grad((z.sigmoid() - 1) ** 2 / 2, z)
        (crossed,) = torch.autograd.grad(-torch.nn.functional.logsigmoid(z), z)  # -ln σ(z)
        print(f"z = {score}: slope of the squared error {squared:.6f}, of cross-entropy {crossed:.4f}")
    figures.flat_tail().show()


# %% [markdown] lang="zh"
# ### 练习 · 交叉熵的导数 · 10 分钟
#
# sigmoid 的尾巴几乎是平的，平方误差在那里就几乎没有斜率；交叉熵里的对数把它拉直了。
# 返回每个元素的 BCE 对它自己的预测 $x$ 的导数，形状不变，不求和也不求平均。
# 例如 $x = 0.5$、$y = 1$：$-2$，把 $x$ 提高 0.01，损失约降 0.02；$x = 0.25$、$y = 0$：$\frac{4}{3}$。
# 预测严格在 0 与 1 之间，但可以离两头极近（离 0 只有 $2^{-30}$，离 1 只有 $2^{-20}$）；标签从 0 到 1，中间的数也要对。
# 让 autograd（PyTorch 里求导数的部分）来求也可以，不过先自己求一遍。
# %% [markdown] lang="en"
# ### Exercise · the derivative of cross-entropy · 10 min
#
# In the flat tail of the sigmoid the squared error has almost no slope; the logarithm in cross-entropy brings the slope back.
# Return the derivative of each element's BCE with respect to its own prediction $x$, in the same shape, with no sum and no mean.
# For example, $x = 0.5$ and $y = 1$ give $-2$: raise $x$ by 0.01 and the loss falls by about 0.02; $x = 0.25$ and $y = 0$ give $\frac{4}{3}$.
# Predictions lie strictly between 0 and 1, but may be very near either end (as near to 0 as $2^{-30}$, and to 1 as $2^{-20}$); labels are from 0 to 1, and those in between must be right, too.
# Autograd (the part of PyTorch that finds derivatives) is allowed, but try by hand first.
# %% exercise="bce_grad" difficulty=2 importance=4 minutes=10
def bce_grad(x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The derivative of each element's loss with respect to its prediction.

    Predictions lie strictly between 0 and 1; labels from 0 to 1, with anything in between.
    """
    # solution
    return -y / x + (1 - y) / (1 - x)


if __name__ == "__main__":
    if tests.test_bce_grad(bce_grad):
        x, y = torch.tensor([0.2, 0.9]), torch.tensor([1.0, 0.3])
        print("two forms:", bce_grad(x, y), (x - y) / (x * (1 - x)))


# %% [markdown] lang="zh" tags=["hint"]
# $\ln x$ 的导数是 $\frac{1}{x}$。$\ln(1 - x)$ 呢？内层 $1 - x$ 的导数是多少？
# %% [markdown] lang="en" tags=["hint"]
# The derivative of $\ln x$ is $\frac{1}{x}$. And of $\ln(1 - x)$? What is the derivative of the inner $1 - x$?
# %% [markdown] lang="zh" tags=["hint"]
# 两项各求一次，符号各看一次：$y = 1$ 时应为负，$y = 0$ 时应为正，用上面的例子核对。
# %% [markdown] lang="en" tags=["hint"]
# Take each of the two terms by itself, and check each sign: for $y = 1$ it must be negative, for $y = 0$ positive, as in the examples above.
# %% [markdown] lang="zh"
# ### sigmoid 的斜率
#
# 概率来自 $x = \sigma(z)$，它的斜率是 $\sigma'(z) = \sigma(z)(1 - \sigma(z)) = x(1 - x)$：在 $z = 0$ 处最大，是 $\frac{1}{4}$，两头几乎是 0。
# %% [markdown] lang="en"
# ### The slope of the sigmoid
#
# The probability comes from $x = \sigma(z)$, whose slope is $\sigma'(z) = \sigma(z)(1 - \sigma(z)) = x(1 - x)$: it is largest at $z = 0$, where it is $\frac{1}{4}$, and almost 0 at both ends.
# %%
if __name__ == "__main__":
    h = 1e-4
    for score in (-5.0, -1.0, 0.0, 2.0):
        behind, x, ahead = torch.tensor([score - h, score, score + h], dtype=torch.float64).sigmoid().tolist()
        print(f"z = {score:4}: slope {(ahead - behind) / (2 * h):.5f}, x(1 - x) = {x * (1 - x):.5f}")


# %% [markdown] lang="zh"
# ### 练习 · 对 logit 的导数 · 10 分钟
#
# 由链式法则，BCE 对 $z$ 的导数是上一题的结果乘 $\sigma'(z)$。
# 上一题的结果通分后是 $\frac{x - y}{x(1 - x)}$。两个一乘，化简，剩下的极其简单。
# 返回每个元素的导数，形状不变。例如 $z = 0$、$y = 1$：$-0.5$；$z = 0$、$y = 0$：0.5。
# $z = \pm 200$ 时也要是有限的数：要先化简再写，照着没化简的式子算，两头会有 $0/0$ 或 $0 \cdot \infty$，得 NaN；$e^{200}$ 在 float32 里会上溢。标签从 0 到 1。
# %% [markdown] lang="en"
# ### Exercise · the derivative with respect to the logit · 10 min
#
# By the chain rule the derivative of BCE with respect to $z$ is the last result times $\sigma'(z)$.
# The last result over a common denominator is $\frac{x - y}{x(1 - x)}$. Multiply the two and simplify: very little is left.
# Return the derivative for each element, in the same shape. For example, $z = 0$ and $y = 1$ give $-0.5$; $z = 0$ and $y = 0$ give 0.5.
# It must be finite at $z = \pm 200$, too: simplify before you write it, because unsimplified it has $0/0$ or $0 \cdot \infty$ at both ends, which is NaN; and $e^{200}$ overflows in float32. Labels are from 0 to 1.
# %% exercise="bce_logit_grad" difficulty=2 importance=4 minutes=10
def bce_logit_grad(z: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The derivative of each element's loss with respect to its logit; finite for every z. Labels lie from 0 to 1."""
    # solution
    return z.sigmoid() - y


if __name__ == "__main__":
    if tests.test_bce_logit_grad(bce_logit_grad):
        z = torch.tensor([-200.0, -5, 0, 5, 200])
        print("slopes for the label 1:", bce_logit_grad(z, torch.ones(5)).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# $\frac{x - y}{x(1 - x)} \cdot x(1 - x)$ 还剩什么？
# %% [markdown] lang="en" tags=["hint"]
# What is left of $\frac{x - y}{x(1 - x)} \cdot x(1 - x)$?
# %% [markdown] lang="zh" tags=["hint"]
# 剩下的式子里把 $x$ 写回 $\sigma(z)$；`torch.sigmoid` 在两头也稳。
# %% [markdown] lang="en" tags=["hint"]
# In what is left, replace $x$ by $\sigma(z)$ again; `torch.sigmoid` is stable at both ends.
# %% [markdown] lang="zh" tags=["question"] see="bce_logit_grad"
# 交叉熵对 $x$ 的导数没有上界，为什么最后一层权重的梯度却不会因此爆炸？
# %% [markdown] lang="en" tags=["question"] see="bce_logit_grad"
# The derivative of cross-entropy with respect to $x$ is unbounded; why, then, do the gradients of the last layer's weights stay bounded?
# %% [markdown] lang="zh" tags=["answer"]
# $y = 1$ 而 $x \to 0$ 时，对 $x$ 的导数趋向 $-\infty$。但 $x = \sigma(z)$ 在那里几乎是平的，$\sigma'(z) = x(1 - x)$ 恰好消掉分母，剩下 $x - y$，总在 $-1$ 与 $1$ 之间；权重的梯度再乘上该层的输入，输入有界，它就有界。
# 换成平方误差就没有这个好处：那里剩下 $(x - y) \cdot x(1 - x)$，一旦错得离谱，错得越多，学得越慢。
# %% [markdown] lang="en" tags=["answer"]
# For $y = 1$ and $x \to 0$ the derivative with respect to $x$ goes to $-\infty$. But there $x = \sigma(z)$ is almost flat, and $\sigma'(z) = x(1 - x)$ cancels the denominator; what is left is $x - y$, always between $-1$ and $1$. The gradient of the weights is this times the layer's inputs, so it is bounded if they are.
# The squared error has no such luck: it leaves $(x - y) \cdot x(1 - x)$, and once it is badly wrong, the worse the error, the slower it learns.
# %% [markdown] lang="zh"
# ### 稳定的形式
#
# 梯度不怕大的 $z$，损失自己呢？
# %% [markdown] lang="en"
# ### A stable form
#
# The gradient has no trouble with a large $z$; what about the loss itself?
# %% [markdown] lang="zh" tags=["question"] see="bce_with_logits"
# $z = 200$、$y = 0$：错得很自信，损失的真值大约是多少？照公式先算 $x = \sigma(z)$，再算 $-\ln(1 - x)$，float32 会给出什么？
# %% [markdown] lang="en" tags=["question"] see="bce_with_logits"
# $z = 200$ and $y = 0$, wrong with great confidence: what is the loss, about? And what does float32 give if you follow the formula, first $x = \sigma(z)$, then $-\ln(1 - x)$?
# %% [markdown] lang="zh" tags=["answer"]
# 真值约为 200：$1 - x = 1/(1 + e^{200}) \approx e^{-200}$，负对数就是 200。
# float32 里 $\sigma(200)$ 舍入成 1，$1 - x$ 是 0，损失是无穷大，再求梯度就是 NaN；$z = 20$ 就已经这样了。信息在求 $\sigma$ 那一步就没了，后面再小心也找不回来，所以要从 $z$ 直接算。
# %% [markdown] lang="en" tags=["answer"]
# About 200: $1 - x = 1/(1 + e^{200}) \approx e^{-200}$, and minus its logarithm is 200.
# In float32 $\sigma(200)$ is rounded to 1, $1 - x$ is 0, the loss infinite, and its gradient NaN; $z = 20$ is enough for that. The information is lost in taking $\sigma$, and no care afterwards brings it back, so start from $z$ itself.
# %%
if __name__ == "__main__":
    for score in (5.0, 20.0, 200.0):
        z = torch.tensor(score)
        x = z.sigmoid()
        print(f"z = {score}: sigmoid {x.item()}, loss for the label 0: {-(1 - x).log().item()}")
    print("e^200 in float32:", torch.tensor(200.0).exp().item())


# %% [markdown] lang="zh"
# ### 练习 · 稳定的交叉熵 · 20 分钟
#
# float32 里 $\sigma(20)$ 就舍入成 1，信息没了，后面找不回来；所以要从 $z$ 直接算。把概率截断（比如最大 $1 - 10^{-6}$），只是去掉了无穷大：$z = 200$、$y = 0$ 时损失停在 13.8，不再随 $z$ 变，斜率就是 0：错得最离谱的，反而什么也教不了。
# 把 $x = \sigma(z)$ 代进去：$-\ln x = \ln(1 + e^{-z})$，$-\ln(1 - x) = \ln(1 + e^{z})$，而 $\ln(1 + e^{-z}) = \ln(1 + e^{z}) - z$，于是整个损失是 $\ln(1 + e^{z}) - zy$。
# 只剩一处麻烦：$e^z$ 会上溢。仿照 `part0_tensors` 的 logsumexp，把大的那一项提出来：$z > 0$ 时 $\ln(1 + e^z) = z + \ln(1 + e^{-z})$。怎样把两种符号合写成一个式子，留给你想。
# 返回每个元素的损失，不求平均。例如 $z = 0$ 时总是 $\ln 2$；$z = 200$、$y = 0$ 得 200；$z = 200$、$y = 1$ 得 0。
# 精度：$|z| \le 1$ 时误差不超过 $10^{-5}$，$|z|$ 更大时（至多 1000）不超过 $10^{-5} |z|$；标签从 0 到 1。
# 对 `z` 的梯度处处都要对，也就是 $\sigma(z) - y$，在 $z = 0$ 处也一样，不许断开。在 $z = 0$ 处，`clamp`（把界限以下的数换成界限）的梯度是 1，`relu` 的是 0，要的却是 $\frac{1}{2}$；`torch.where` 两支都算，没选中的一支若上溢，梯度就是 NaN。
#
# *不许用*：`binary_cross_entropy`、`binary_cross_entropy_with_logits`、`soft_margin_loss`、`multilabel_soft_margin_loss`，以及用它们做的类，如 `nn.BCEWithLogitsLoss`。
# *可以用*：别的全部，`softplus`（$\ln(1 + e^z)$）、`logsigmoid`、`logaddexp`、`logsumexp` 也在内。
# %% [markdown] lang="en"
# ### Exercise · a stable cross-entropy · 20 min
#
# In float32 $\sigma(20)$ is rounded to 1, the information is lost, and nothing brings it back; so start from $z$ itself. To clip the probability (to at most $1 - 10^{-6}$, say) only takes the infinity away: at $z = 200$, $y = 0$ the loss stops at 13.8, and since it no longer changes with $z$, its slope is 0: the worst mistakes teach nothing.
# Put $x = \sigma(z)$ in: $-\ln x = \ln(1 + e^{-z})$ and $-\ln(1 - x) = \ln(1 + e^{z})$, and since $\ln(1 + e^{-z}) = \ln(1 + e^{z}) - z$, the whole loss is $\ln(1 + e^{z}) - zy$.
# One trouble is left: $e^z$ overflows. As in the logsumexp of `part0_tensors`, take the larger term out: for $z > 0$ it is $\ln(1 + e^z) = z + \ln(1 + e^{-z})$. One formula for both signs is for you to find.
# Return the loss of each element, with no mean. For example, at $z = 0$ it is always $\ln 2$; $z = 200$ with $y = 0$ gives 200; $z = 200$ with $y = 1$ gives 0.
# Precision: an error of at most $10^{-5}$ for $|z| \le 1$, and of $10^{-5} |z|$ for a larger $|z|$, up to 1000; labels are from 0 to 1.
# The gradient with respect to `z` must be right everywhere, that is $\sigma(z) - y$, at $z = 0$ too, and never cut off. At $z = 0$ the gradient of `clamp` (which replaces what is below a bound by the bound) is 1 and that of `relu` 0, but $\frac{1}{2}$ is needed; `torch.where` computes both branches, and if the one not chosen overflows, the gradient is NaN.
#
# *Ruled out*: `binary_cross_entropy`, `binary_cross_entropy_with_logits`, `soft_margin_loss`, `multilabel_soft_margin_loss`, and classes made of them, such as `nn.BCEWithLogitsLoss`.
# *Allowed*: everything else, `softplus` ($\ln(1 + e^z)$), `logsigmoid`, `logaddexp` and `logsumexp` included.
# %% exercise="bce_with_logits" difficulty=3 importance=4 minutes=20
def bce_with_logits(z: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The cross-entropy of each label (from 0 to 1) and the probability of its logit, for |z| up to 1000.

    Right to 1e-5 times the larger of 1 and |z|, with the right gradient. Without torch's binary cross-entropies.
    """
    # solution
    larger = (z + z.abs()) / 2  # max(z, 0), whose gradient at z = 0 is 1/2: with clamp it would be 1
    return larger - z * y + (-z.abs()).exp().log1p()  # the small term last: else it is lost in a large one


if __name__ == "__main__":
    if tests.test_bce_with_logits(bce_with_logits):
        z, y = torch.tensor([200.0, -200.0, 0.0], requires_grad=True), torch.tensor([0.0, 1.0, 1.0])
        naive = -(y * z.sigmoid().log() + (1 - y) * (1 - z.sigmoid()).log())
        stable = bce_with_logits(z, y)
        for name, loss in {"naive": naive, "stable": stable}.items():
            (slopes,) = torch.autograd.grad(loss.sum(), z)
            print(f"{name:6} losses {loss.tolist()}, slopes {slopes.tolist()}")


# %% [markdown] lang="zh" tags=["hint"]
# $z$ 和 $-z$ 里总有一个不大于 0：怎样写，才能不论 $z$ 的符号，指数里都没有正数？
# %% [markdown] lang="en" tags=["hint"]
# One of $z$ and $-z$ is at most 0: how do you write it so that no exponent is positive, whatever the sign of $z$?
# %% [markdown] lang="zh" tags=["hint"]
# $\ln(1 + e^z)$ 是 $\max(z, 0)$ 加上一个只与 $|z|$ 有关的小量。把 $\max(z, 0)$ 写成 $\frac{z + |z|}{2}$，它在 0 处的梯度就是 $\frac{1}{2}$。
# %% [markdown] lang="en" tags=["hint"]
# $\ln(1 + e^z)$ is $\max(z, 0)$ plus a small term that depends on $|z|$ only. Write $\max(z, 0)$ as $\frac{z + |z|}{2}$, and its gradient at 0 is $\frac{1}{2}$.
# %% [markdown] lang="zh" tags=["hint"]
# 想比要求的更精确：小的 $t$ 用 `torch.log1p(t)`，因为 `torch.log(1 + t)` 会先把 `t` 舍入掉；并且最后才加这一项：先加到 20 上，再减 20，它就丢了。
# %% [markdown] lang="en" tags=["hint"]
# To be more precise than asked: for small $t$ use `torch.log1p(t)`, since `torch.log(1 + t)` rounds `t` away first; and add that term last: added to 20 before 20 is subtracted, it is lost.
# %% [markdown] lang="zh" tags=["question"] see="bce_with_logits"
# 不看上文，把这一课串起来：一个样本，标签是 1，分数 $z = 2w$，现在 $w = 0$，所以 $z = 0$。损失是多少，为什么是这个数？对 $w$ 的导数是多少？学习率 0.5 走一步，$w$ 到哪里，损失变小了吗？
# %% [markdown] lang="en" tags=["question"] see="bce_with_logits"
# Without looking back, put the lesson together: one sample with the label 1 and the score $z = 2w$, where $w = 0$ now, so $z = 0$. What is the loss, and why this number? What is its derivative with respect to $w$? A step with the learning rate 0.5 takes $w$ where, and is the loss smaller?
# %% [markdown] lang="zh" tags=["answer"]
# $\ln 2 \approx 0.693$：$\sigma(0) = 0.5$，正是两个类时“什么也不知道”的损失。
# 对 $z$ 是 $\sigma(0) - 1 = -0.5$，$z$ 对 $w$ 是 2，链式法则相乘得 $-1$。
# $w \leftarrow 0 - 0.5 \cdot (-1) = 0.5$，$z = 1$，损失 $\ln(1 + e^{-1}) \approx 0.313$，小了一半多：模型没有那么吃惊了。
# %% [markdown] lang="en" tags=["answer"]
# $\ln 2 \approx 0.693$: $\sigma(0) = 0.5$, the loss of knowing nothing with two classes.
# With respect to $z$ it is $\sigma(0) - 1 = -0.5$, and $z$ has the derivative 2 with respect to $w$; by the chain rule they multiply to $-1$.
# $w \leftarrow 0 - 0.5 \cdot (-1) = 0.5$, so $z = 1$ and the loss is $\ln(1 + e^{-1}) \approx 0.313$, less than half of it: the model is less surprised.
# %%
if __name__ == "__main__":
    w = torch.tensor(0.0, requires_grad=True)
    loss = torch.nn.functional.softplus(-2 * w)  # the loss of the label 1: ln(1 + e^-z)
    loss.backward()
    assert w.grad is not None
    new = w.detach() - 0.5 * w.grad
    print(f"loss {loss.item():.3f}, slope {w.grad.item()}, new w {new.item()}")
    print(f"new loss {torch.nn.functional.softplus(-2 * new).item():.3f}")


# %% [markdown] lang="zh" tags=["bonus"]
# ## 5 · 选做：读文字的模型
#
# 两道小题，用的都是第 3 节的量。
# %% [markdown] lang="en" tags=["bonus"]
# ## 5 · Optional: a model that reads
#
# Two exercises with the quantities of section 3.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 困惑度 · 5 分钟
#
# 3.4 奈特的损失是好是坏？换一种读法：有 $k$ 个同样可能的选项时，惊讶是 $\ln k$；反过来，惊讶 $H$ 就好像每次都在 $e^H$ 个同样可能的选项里猜。
# 这就是困惑度（perplexity），$e^{H(p, q)}$；$e^{3.4} \approx 30$。底必须与对数的底一致：奈特配 $e$，比特配 2。
# 给你两个分布，返回困惑度，一个没有轴的张量。例如 $p = (0, 1)$，$q = (\frac{3}{4}, \frac{1}{4})$：4。信对了必然的事，是 1；交叉熵是无穷大时，它也是。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · perplexity · 5 min
#
# Is a loss of 3.4 nats good or bad? Read it in another way: with $k$ equally likely choices the surprise is $\ln k$; so a surprise of $H$ is as if you guessed each time among $e^H$ equally likely choices.
# This is the **perplexity**, $e^{H(p, q)}$; $e^{3.4} \approx 30$. The base must be that of the logarithm: $e$ for nats, 2 for bits.
# You get two distributions; return the perplexity, a tensor without axes. For example, $p = (0, 1)$ with $q = (\frac{3}{4}, \frac{1}{4})$ gives 4. For a right belief in what is certain it is 1; if the cross-entropy is infinite, so is this.
# %% exercise="perplexity" difficulty=1 importance=3 minutes=5
def perplexity(p: Float[Tensor, " k"], q: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The number of equally likely choices that would surprise as much."""
    # solution
    return cross_entropy(p, q).exp()


if __name__ == "__main__":
    if tests.test_perplexity(perplexity):
        even, sure = torch.full((27,), 1 / 27), torch.zeros(27)
        sure[0] = 1.0
        print(f"27 characters, no idea: {float(perplexity(sure, even)):.1f} choices")
        better = torch.cat([torch.tensor([0.5]), torch.full((26,), 0.5 / 26)])
        print(f"half of the belief on the right one: {float(perplexity(sure, better)):.1f} choices")


# %% [markdown] lang="zh" tags=["hint"]
# 里面的量你写过。熵以奈特计，底是哪个数？
# %% [markdown] lang="en" tags=["hint"]
# You have written what is inside. Which base goes with nats?
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 二元语法模型 · 25 分钟
#
# 最简单的语言模型是二元语法模型（bigram），它只看前一个字符，就猜下一个。
# 数一数每个字符后面跟着什么，就得到条件概率 $q(b \mid a)$：已知前一个是 $a$，下一个是 $b$ 的概率。
# 用铅笔数 `"aabab"`：相邻字符对是 `aa`、`ab`、`ba`、`ab`。`a` 打头三次，后面一次 `a`，两次 `b`：$q(a \mid a) = \frac{1}{3}$，$q(b \mid a) = \frac{2}{3}$；$b$ 后面总是 $a$，概率 1。文本的最后一个字符后面没有字符，它在那里不算打头。
# 四对的惊讶是 $\ln 3$、$\ln \frac{3}{2}$、0、$\ln \frac{3}{2}$，平均约 0.477：返回的就是这个平均，一个浮点数，在数出它的同一篇文本上。
# 任何字符都算，中文也行；大小写、空格、标点、换行都是不同的字符。文本空着或只有一个字符，没有字符对，返回 0。
# 图里的条件熵，是知道真实概率的人平均的惊讶。第 3 天的 `part3_networks` 用梯度下降来学同一个模型。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · a bigram model · 25 min
#
# The simplest language model is the **bigram** model, which sees one character and guesses the next.
# Count what follows each character, and you have the conditional probabilities $q(b \mid a)$: given that the character is $a$, the probability that $b$ is next.
# `"aabab"` by hand: its pairs of neighbours are `aa`, `ab`, `ba`, `ab`. `a` comes first three times, followed once by `a` and twice by `b`: $q(a \mid a) = \frac{1}{3}$, $q(b \mid a) = \frac{2}{3}$; $b$ is always followed by $a$, with probability 1. The last character of the text has no follower: this one time it isn't counted as the first of a pair.
# The surprises of the four pairs are $\ln 3$, $\ln \frac{3}{2}$, 0, $\ln \frac{3}{2}$, with a mean of about 0.477: this mean is what you return, a float, on the same text that was counted.
# Every character counts, Chinese ones included; capitals, spaces, punctuation and line ends are characters of their own. A text that is empty or has one character has no pairs: return 0.
# The conditional entropy in the figure is the mean surprise of somebody who knows the true probabilities. On day 3 `part3_networks` learns the same model by gradient descent.
# %% exercise="bigram_cross_entropy" difficulty=3 importance=3 minutes=25
def bigram_cross_entropy(text: str) -> float:
    """The mean surprise per pair, in nats, of the bigram model that was counted on this very text; 0 without pairs."""
    # solution
    pairs, firsts = Counter(zip(text, text[1:], strict=False)), Counter(text[:-1])
    surprise = sum(count * math.log(firsts[a] / count) for (a, b), count in pairs.items())
    return surprise / max(len(text) - 1, 1)


FOLLOWERS = {"s": (" ", "t"), "e": ("s", "r"), "a": ("s", "t"), "t": ("e", "a", " "), "r": ("e", "a"), " ": ("t", "a")}


def babble(length: int, seed: int) -> str:
    """A text of ours: each character is followed by one of its FOLLOWERS, all equally likely."""
    generator, text = torch.Generator().manual_seed(seed), "t"
    for draw in torch.rand(length - 1, generator=generator).tolist():
        choices = FOLLOWERS[text[-1]]
        text += choices[int(draw * len(choices))]
    return text


if __name__ == "__main__":
    if tests.test_bigram_cross_entropy(bigram_cross_entropy):
        lengths, text = [10, 30, 100, 300, 1000, 3000, 10_000, 30_000], babble(30_000, seed=0)
        measured = [bigram_cross_entropy(text[:length]) for length in lengths]
        limit = sum(n * math.log(len(FOLLOWERS[c])) for c, n in Counter(text).items()) / len(text)
        figures.approach(lengths, measured, limit, baseline=math.log(len(FOLLOWERS))).show()
        print(f"{measured[-1]:.4f} nats; conditional entropy {limit:.4f}; uniform guess ln 6 = {math.log(6):.4f}")
        print(text[:60])
        seen = set(itertools.pairwise(babble(30, seed=0)))  # pairwise: each character with the next
        new = set(itertools.pairwise(babble(3000, seed=1)))
        unseen = len(new - seen)
        print(f"of {len(new)} pairs in a new text, {unseen} never occur in the first 30 characters of ours")


# %% [markdown] lang="zh" tags=["hint"]
# 要数哪两样东西？$q(b \mid a)$ 的分子和分母各是什么？
# %% [markdown] lang="en" tags=["hint"]
# Which two things do you count? What are the numerator and the denominator of $q(b \mid a)$?
# %% [markdown] lang="zh" tags=["hint"]
# `Counter(zip(text, text[1:]))` 数所有相邻的字符对；分母是 `a` 作为前一个字符的次数，最后一个字符不算。
# %% [markdown] lang="en" tags=["hint"]
# `Counter(zip(text, text[1:]))` counts all pairs; the denominator is how often `a` comes first, and the last character never does.
# %% [markdown] lang="zh" tags=["hint"]
# 每种字符对贡献它的次数乘 $-\ln q$，最后除以字符对的个数；没有字符对时别除以 0。
# %% [markdown] lang="en" tags=["hint"]
# Each kind of pair adds its count times $-\ln q$; at the end divide by the number of pairs, and not by 0 if there are none.
# %% [markdown] lang="zh" tags=["question"] see="bigram_cross_entropy"
# 文本很短时，二元语法模型在自己的文本上看起来好得出奇。为什么不能相信这个数字？
# %% [markdown] lang="en" tags=["question"] see="bigram_cross_entropy"
# On a short text the bigram model looks wonderful on its own text. Why shouldn't you believe this number?
# %% [markdown] lang="zh" tags=["answer"]
# 它考试之前就看过答案：一个字符若只打头过一次，它后面那个字符的概率就估成 1，惊讶是 0。
# 这就是过拟合（背下了训练数据，换了数据就不行）：换一篇新文本，没见过的字符对会让交叉熵变成无穷大，除非把计数平滑一下。
# 文本足够长，估计才接近真实的条件概率，交叉熵才接近图里“条件熵”那条虚线：在新文本上，只看前一个字符的模型，平均不可能比它更低。
# %% [markdown] lang="en" tags=["answer"]
# It has seen the answers before the exam: where a character has come first only once, what followed it gets probability 1, and surprise 0.
# That is overfitting (it knows the training data by heart, and fails on other data): on a new text, a pair it has never seen makes cross-entropy infinite, unless the counts are smoothed.
# Only with length do the estimates come near the true probabilities, and cross-entropy near the figure's dotted line for the conditional entropy: on new text no model that sees one character gets below it on average.
# %% [markdown] lang="zh"
# ## 这一课的零件，以后在哪里用
# - 期望、方差、$n - 1$：第 2 天的 `part2_resnets`，批归一化；第 4 天的 `part4_experiments`，差别是不是运气。
# - 中心差商、链式法则、雅可比矩阵：第 3 天的 `part3_backprop` 和 `part3_networks`。
# - 梯度下降和 $2/c$：第 4 天的 `part4_optimization`。
# - 交叉熵：从第 2 天的 `part2_cnns` 起，分类器的损失；二元的那个，第 5 天的 `part5_gans`。
# - 正态数 $\mu + \sigma Z$、KL：第 5 天的 `part5_vaes`。
# - 下一课 `part0_drills` 练习不写循环。
# %% [markdown] lang="en"
# ## Where the pieces of this lesson come back
# - Expectation, variance, $n - 1$: in batch normalisation, `part2_resnets` on day 2; in `part4_experiments` on day 4, where you ask whether a difference is luck.
# - Central difference, chain rule, Jacobians: in `part3_backprop` and `part3_networks` on day 3.
# - Gradient descent and $2/c$: in `part4_optimization` on day 4.
# - Cross-entropy: the loss of classifiers from `part2_cnns` on day 2 onwards; the binary one in `part5_gans` on day 5.
# - Normal numbers $\mu + \sigma Z$ and KL: in `part5_vaes` on day 5.
# - The next lesson, `part0_drills`, practises writing without loops.
