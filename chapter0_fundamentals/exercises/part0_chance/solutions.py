# %% [markdown] lang="zh" order=4
# # 第 0 天 · 数学：概率、微积分与信息
#
# 训练一个网络，就是沿着导数走，让一个概率模型少吃惊一点。
# 这里把其中每个词都写成程序：期望、导数、损失、熵。
#
# 没有另外说明时，每个函数都守这几条：不改动传入的东西；再调用一次，结果一样；输入的内存不连续也行；进来是 `float64`，出去也是 `float64`。
# 怎么写都行，除非题目说不能用什么。
# %% [markdown] lang="en"
# # Day 0 · maths: chance, calculus, information
#
# To train a network is to follow derivatives until a model of probabilities is less surprised.
# Here each of these words becomes a program: expectation, derivative, loss, entropy.
#
# Unless an exercise says otherwise, every function keeps these rules: its inputs stay as they were; a second call gives the same; an input may be non-contiguous in memory; what gets `float64` gives `float64`.
# Write it in any way you like, except where an exercise rules something out.
# %%
import math
from collections import Counter
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from part0_chance import figures, tests


# %% [markdown] lang="zh"
# ## 1 · 概率
# %% [markdown] lang="en"
# ## 1 · Probability
# %% [markdown] lang="zh"
# ### 练习 · 期望 · 5 分钟
#
# 期望（expectation）是以概率为权的平均：$\mathbb{E}[X] = \sum_i p_i x_i$。
# %% [markdown] lang="en"
# ### Exercise · expectation · 5 min
#
# The expectation is the mean weighted by probabilities: $\mathbb{E}[X] = \sum_i p_i x_i$.
# %% exercise="expectation" difficulty=1 importance=4 minutes=5
def expectation(values: Float[Tensor, " k"], probs: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The expectation of a variable that takes each value with its probability."""
    # solution
    return (values * probs).sum()


if __name__ == "__main__":
    tests.test_expectation(expectation)


# %% [markdown] lang="zh" tags=["hint"]
# 先逐项相乘，再求和；不必再除以什么，因为概率之和是 1。
# %% [markdown] lang="en" tags=["hint"]
# Multiply term by term, then sum; divide by nothing, for the probabilities sum to 1.
# %% [markdown] lang="zh"
# ### 练习 · 标准差 · 10 分钟
#
# 标准差（standard deviation）是 $\sqrt{\mathbb{E}[(X - \mu)^2]}$。
# 展开成 $\mathbb{E}[X^2] - \mu^2$ 在纸上相等，在浮点数里却可能全错：两个相近的大数相减，有效数字就没了。
# %% [markdown] lang="en"
# ### Exercise · standard deviation · 10 min
#
# The standard deviation is $\sqrt{\mathbb{E}[(X - \mu)^2]}$.
# Expanded to $\mathbb{E}[X^2] - \mu^2$ it is the same on paper, and may be all wrong in floating point: subtract two large numbers that are nearly equal, and the digits are gone.
# %% exercise="standard_deviation" difficulty=2 importance=4 minutes=10
def standard_deviation(values: Float[Tensor, " k"], probs: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The standard deviation; right to 0.1 % also where the values are far from 0, such as 9999 and 10001."""
    # solution
    return expectation((values - expectation(values, probs)) ** 2, probs).sqrt()


if __name__ == "__main__":
    if tests.test_standard_deviation(standard_deviation) and tests.test_expectation(expectation):
        values, probs = torch.tensor([9999.0, 10001.0]), torch.tensor([0.5, 0.5])
        expanded = expectation(values**2, probs) - expectation(values, probs) ** 2
        print(f"variance: {float(standard_deviation(values, probs) ** 2)}, expanded: {float(expanded)}")


# %% [markdown] lang="zh" tags=["hint"]
# 用两次 `expectation`：一次求 $\mu$，一次求离差平方的平均。
# %% [markdown] lang="en" tags=["hint"]
# Use `expectation` twice: once for $\mu$, once for the mean squared deviation.
# %% [markdown] lang="zh"
# ### 练习 · 相关的正态样本 · 20 分钟
#
# 从两个独立的标准正态 $Z_1$、$Z_2$ 出发，$\rho Z_1 + \sqrt{1 - \rho^2}\, Z_2$ 仍是标准正态，与 $Z_1$ 的相关系数（correlation）是 $\rho$。
# 再乘标准差，加均值。
# %% [markdown] lang="en"
# ### Exercise · correlated Gaussians · 20 min
#
# From two independent standard normals $Z_1$, $Z_2$, the mixture $\rho Z_1 + \sqrt{1 - \rho^2}\, Z_2$ is standard normal again, and its correlation with $Z_1$ is $\rho$.
# Then multiply by the standard deviations, and add the means.
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
    tests.test_sample_gaussians(sample_gaussians)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.randn(n, 2, generator=generator)` 是全部的随机数；其余都是算术。
# %% [markdown] lang="en" tags=["hint"]
# `torch.randn(n, 2, generator=generator)` is all the randomness; the rest is arithmetic.
# %% [markdown] lang="zh" tags=["hint"]
# 第二个权重是 $\sqrt{1 - \rho^2}$，不是 $1 - \rho$：方差要加到 1。
# %% [markdown] lang="en" tags=["hint"]
# The second weight is $\sqrt{1 - \rho^2}$, not $1 - \rho$: the variances must add up to 1.
# %% [markdown] lang="zh"
# ### 练习 · 两个正态变量之和 · 10 分钟
#
# 和的均值总是 $\mu_1 + \mu_2$。
# 方差呢？展开 $\mathbb{E}[((X - \mu_1) + (Y - \mu_2))^2]$，交叉项就是协方差 $\rho \sigma_1 \sigma_2$ 的两倍。
# %% [markdown] lang="en"
# ### Exercise · the sum of two Gaussians · 10 min
#
# The mean of a sum is always $\mu_1 + \mu_2$.
# And its variance? Expand $\mathbb{E}[((X - \mu_1) + (Y - \mu_2))^2]$: the cross term is twice the covariance $\rho \sigma_1 \sigma_2$.
# %% exercise="sum_of_gaussians" difficulty=2 importance=4 minutes=10
def sum_of_gaussians(mu1: float, sigma1: float, mu2: float, sigma2: float, rho: float) -> tuple[float, float]:
    """The mean and the variance of X + Y."""
    # solution
    return mu1 + mu2, sigma1**2 + sigma2**2 + 2 * rho * sigma1 * sigma2


if __name__ == "__main__":
    if tests.test_sum_of_gaussians(sum_of_gaussians) and tests.test_sample_gaussians(sample_gaussians):
        mean, std = torch.tensor([1.0, 0.0]), torch.tensor([1.0, 2.0])
        rhos = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1]
        samples = {rho: sample_gaussians(5000, mean, std, rho, torch.Generator().manual_seed(0)) for rho in rhos}
        figures.correlated_sums(samples, {rho: sum_of_gaussians(1, 1, 0, 2, rho) for rho in rhos}).show()
        print({rho: f"{float(sample.sum(dim=1).var()):.2f}" for rho, sample in samples.items()})


# %% [markdown] lang="zh" tags=["hint"]
# $(a + b)^2$ 的三项，各取期望。
# %% [markdown] lang="en" tags=["hint"]
# $(a + b)^2$ has three terms: take the expectation of each.
# %% [markdown] lang="zh" tags=["question"] see="sum_of_gaussians"
# 两个正态变量之和是什么分布？独立时怎样，相关时又怎样？$\rho = -1$ 呢？
# %% [markdown] lang="en" tags=["question"] see="sum_of_gaussians"
# What is the distribution of the sum of two Gaussians, independent or correlated? And at $\rho = -1$?
# %% [markdown] lang="zh" tags=["answer"]
# 联合正态时，和也是正态，均值 $\mu_1 + \mu_2$，方差 $\sigma_1^2 + \sigma_2^2 + 2\rho\sigma_1\sigma_2$；独立时最后一项是 0。
# 方差相加只要求不相关，不要求独立；要说“和仍是正态”，则需要联合正态。
# $\rho = -1$ 时方差是 $(\sigma_1 - \sigma_2)^2$，只在 $\sigma_1 = \sigma_2$ 时为 0；那时和恒等于 $\mu_1 + \mu_2$，不一定是 0。
# %% [markdown] lang="en" tags=["answer"]
# If they are jointly Gaussian, so is the sum, with mean $\mu_1 + \mu_2$ and variance $\sigma_1^2 + \sigma_2^2 + 2\rho\sigma_1\sigma_2$; independence makes the last term 0.
# For variances to add, uncorrelated is enough, independent is not needed; that the sum is Gaussian needs joint normality.
# At $\rho = -1$ the variance is $(\sigma_1 - \sigma_2)^2$, which is 0 only if $\sigma_1 = \sigma_2$; then the sum is the constant $\mu_1 + \mu_2$, which need not be 0.
# %% [markdown] lang="zh"
# 不相关不等于独立。
# 取 $X$ 正态，$S$ 是随机的正负号：$X$ 与 $SX$ 都是正态，不相关，可绝对值完全相同，它们的和有一半时候恰好是 0。
# %% [markdown] lang="en"
# Uncorrelated is not independent.
# Let $X$ be normal and $S$ a random sign: $X$ and $SX$ are both normal and uncorrelated, yet have the same absolute value, and their sum is exactly 0 half of the time.
# %%
if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(20_000, generator=generator)
    sx = x * (2 * torch.randint(0, 2, x.shape, generator=generator) - 1)
    correlation = float(torch.corrcoef(torch.stack([x, sx]))[0, 1])
    print(f"correlation {correlation:.3f}, variance of the sum {float((x + sx).var()):.3f}")
    print(f"the sum is exactly 0 in {float((x + sx == 0).float().mean()):.1%} of the samples")
    print(f"correlation of the squares {float(torch.corrcoef(torch.stack([x**2, sx**2]))[0, 1]):.3f}")


# %% [markdown] lang="zh"
# ## 2 · 微积分
# %% [markdown] lang="en"
# ## 2 · Calculus
# %% [markdown] lang="zh"
# ### 练习 · 中心差商 · 10 分钟
#
# 从两边各走一步：$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$。
# 误差随 $h^2$ 缩小，单侧差商却只随 $h$；以后你用它检验每一个手写的梯度。
# %% [markdown] lang="en"
# ### Exercise · the central difference · 10 min
#
# Take a step to either side: $f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$.
# Its error shrinks as $h^2$, that of the one-sided difference only as $h$; later you check each handwritten gradient with it.
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
        figures.difference_errors(steps, central, forward).show()
        print(
            f"slope on the log-log plot: {math.log10(central[2] / central[4]):.2f} and {math.log10(forward[2] / forward[4]):.2f}"
        )


# %% [markdown] lang="zh" tags=["hint"]
# 两点之间的距离是 $2h$，不是 $h$。
# %% [markdown] lang="en" tags=["hint"]
# The two points are $2h$ apart, not $h$.
# %% [markdown] lang="zh"
# ### 练习 · 泰勒多项式 · 15 分钟
#
# 在 $a$ 处，函数值和前几阶导数都与 $f$ 相同的多项式：$\sum_k \frac{f^{(k)}(a)}{k!} (x - a)^k$。
# 梯度下降看到的，只是它的前两项。
# %% [markdown] lang="en"
# ### Exercise · the Taylor polynomial · 15 min
#
# The polynomial that has the same value and the same first few derivatives as $f$ at $a$: $\sum_k \frac{f^{(k)}(a)}{k!} (x - a)^k$.
# Gradient descent sees no more than its first two terms.
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
        a, x = 0.5, torch.linspace(-7, 8, 301)
        derivatives = [math.sin(a), math.cos(a), -math.sin(a), -math.cos(a)] * 4
        polynomials = [taylor_polynomial(derivatives[: degree + 1], a, x) for degree in range(14)]
        figures.taylor(x, x.sin(), polynomials, a).show()


# %% [markdown] lang="zh" tags=["hint"]
# `enumerate(derivatives)` 给出 $k$ 和 $f^{(k)}(a)$；分母是 `math.factorial(k)`，幂里是 $x - a$。
# %% [markdown] lang="en" tags=["hint"]
# `enumerate(derivatives)` gives $k$ and $f^{(k)}(a)$; the denominator is `math.factorial(k)`, and the power is of $x - a$.
# %% [markdown] lang="zh"
# ### 练习 · 链式法则 · 15 分钟
#
# 复合函数的雅可比矩阵（Jacobian），是各步雅可比矩阵之积：先做的在右边。
# 每个矩阵的行是输出，列是输入。
# %% [markdown] lang="en"
# ### Exercise · the chain rule · 15 min
#
# The Jacobian of a composition is the product of the steps' Jacobians: the first step stands on the right.
# The rows of each matrix are outputs, its columns inputs.
# %% exercise="chain_rule" difficulty=2 importance=5 minutes=15
def chain_rule(jacobians: list[Tensor]) -> Float[Tensor, "d_out d_in"]:
    """The Jacobian of the composition, of any number of functions; the list begins with the one that is applied first."""
    # solution
    product = jacobians[-1]
    for jacobian in reversed(jacobians[:-1]):
        product = product @ jacobian
    return product


if __name__ == "__main__":
    tests.test_chain_rule(chain_rule)


# %% [markdown] lang="zh" tags=["hint"]
# 形状会告诉你顺序：`(d_out, d_hidden) @ (d_hidden, d_in)`。
# %% [markdown] lang="en" tags=["hint"]
# The shapes tell the order: `(d_out, d_hidden) @ (d_hidden, d_in)`.
# %% [markdown] lang="zh" tags=["question"] see="chain_rule"
# 矩阵乘法满足结合律，从哪一头乘起，结果都一样。那反向传播为什么从损失那一头开始？
# %% [markdown] lang="en" tags=["question"] see="chain_rule"
# Matrix products are associative, and either end may come first. Then why does backpropagation start at the loss?
# %% [markdown] lang="zh" tags=["answer"]
# 损失是一个数，最后一个雅可比矩阵只有一行；从这一头乘起，每一步都是行向量乘矩阵，$n$ 维只要 $n^2$ 次乘法。
# 从输入一头乘起，每一步都是矩阵乘矩阵，要 $n^3$ 次。
# 输入少、输出多时正好相反，那时用前向模式。
# %% [markdown] lang="en" tags=["answer"]
# The loss is one number, so the last Jacobian has one row; from this end each step is a row times a matrix, $n^2$ multiplications in $n$ dimensions.
# From the input's end each step is a matrix times a matrix, with $n^3$.
# With few inputs and many outputs it is the other way round, and forward mode is the one to use.
# %% [markdown] lang="zh"
# ### 练习 · 平方误差的导数 · 5 分钟
#
# 损失 $\frac{1}{2}(x - y)^2$，$x$ 是预测，$y$ 是标签；对 $x$ 求导。
# 前面的 $\frac{1}{2}$ 就是为了让结果干净。
# %% [markdown] lang="en"
# ### Exercise · the derivative of the squared error · 5 min
#
# The loss is $\frac{1}{2}(x - y)^2$, with prediction $x$ and label $y$; take its derivative with respect to $x$.
# The $\frac{1}{2}$ is there to make the result clean.
# %% exercise="mse_grad" difficulty=1 importance=4 minutes=5
def mse_grad(x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The derivative of each element's loss with respect to its prediction."""
    # solution
    return x - y


if __name__ == "__main__":
    tests.test_mse_grad(mse_grad)


# %% [markdown] lang="zh" tags=["hint"]
# 外层给 $x - y$，内层给 1。
# %% [markdown] lang="en" tags=["hint"]
# The outer function gives $x - y$, the inner one gives 1.
# %% [markdown] lang="zh"
# ### 练习 · 梯度下降 · 15 分钟
#
# 每一步 $x \leftarrow x - \eta\,(x - y)$。
# 学习率（learning rate）$\eta$ 取多大才收敛？先猜，再看图。
# %% [markdown] lang="en"
# ### Exercise · gradient descent · 15 min
#
# Each step is $x \leftarrow x - \eta\,(x - y)$.
# For which learning rates $\eta$ does it converge? Guess before you look at the figure.
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


# %% [markdown] lang="zh" tags=["hint"]
# 列表从 `x0` 开始，每一步添一个数。
# %% [markdown] lang="en" tags=["hint"]
# A list that begins with `x0` grows by one number at each step.
# %% [markdown] lang="zh" tags=["question"] see="gradient_descent"
# 平方误差 $\frac{1}{2}(x - y)^2$ 的导数是什么？它对学习率有什么要求？
# %% [markdown] lang="en" tags=["question"] see="gradient_descent"
# What is the derivative of the squared error $\frac{1}{2}(x - y)^2$, and what does it demand of the learning rate?
# %% [markdown] lang="zh" tags=["answer"]
# 导数是 $x - y$：错多少，就拉多少，方向相反。
# 于是 $x_{t+1} - y = (1 - \eta)(x_t - y)$：当且仅当 $|1 - \eta| < 1$，也就是 $0 < \eta < 2$ 时收敛。
# $\eta = 1$ 一步到位；在 1 与 2 之间来回跳着收敛；$\eta = 2$ 永远来回跳；再大就发散。
# %% [markdown] lang="en" tags=["answer"]
# It is $x - y$: the pull is as large as the error, in the opposite direction.
# So $x_{t+1} - y = (1 - \eta)(x_t - y)$, which converges if and only if $|1 - \eta| < 1$, that is $0 < \eta < 2$.
# $\eta = 1$ arrives in one step; between 1 and 2 it jumps to and fro and still converges; $\eta = 2$ jumps for ever; beyond, it diverges.
# %% [markdown] lang="zh"
# ### 练习 · 交叉熵的导数 · 10 分钟
#
# 预测是一个概率 $x$ 时，损失是二元交叉熵（BCE）：$-y \ln x - (1 - y) \ln(1 - x)$。
# 对 $x$ 求导，别丢了负号。
# %% [markdown] lang="en"
# ### Exercise · the derivative of cross-entropy · 10 min
#
# If the prediction is a probability $x$, the loss is binary cross-entropy (BCE): $-y \ln x - (1 - y) \ln(1 - x)$.
# Take its derivative with respect to $x$, and keep the minus sign.
# %% exercise="bce_grad" difficulty=2 importance=4 minutes=10
def bce_grad(x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The derivative of each element's loss with respect to its prediction.

    Predictions lie strictly between 0 and 1; labels from 0 to 1, with anything in between.
    """
    # solution
    return -y / x + (1 - y) / (1 - x)


if __name__ == "__main__":
    if tests.test_bce_grad(bce_grad):
        figures.losses(lambda x: (x - 1) ** 2 / 2, lambda x: -x.log()).show()
        x, y = torch.tensor([0.2, 0.9]), torch.tensor([1.0, 0.3])
        print("two forms:", bce_grad(x, y), (x - y) / (x * (1 - x)))


# %% [markdown] lang="zh" tags=["hint"]
# $\ln(1 - x)$ 的导数是 $-\frac{1}{1 - x}$：内层又出一个负号。
# %% [markdown] lang="en" tags=["hint"]
# The derivative of $\ln(1 - x)$ is $-\frac{1}{1 - x}$: the inner function adds a minus sign.
# %% [markdown] lang="zh"
# ### 练习 · 对 logit 的导数 · 10 分钟
#
# 概率来自 $x = \sigma(z)$，$z$ 叫做 logit。
# 用链式法则乘上 $\sigma'(z) = x(1 - x)$，再化简：一切都消掉了。
# %% [markdown] lang="en"
# ### Exercise · the derivative with respect to the logit · 10 min
#
# The probability comes from $x = \sigma(z)$, and $z$ is called the logit.
# By the chain rule multiply by $\sigma'(z) = x(1 - x)$, and simplify: everything cancels.
# %% exercise="bce_logit_grad" difficulty=2 importance=4 minutes=10
def bce_logit_grad(z: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The derivative of each element's loss with respect to its logit; finite for every z. Labels lie from 0 to 1."""
    # solution
    return z.sigmoid() - y


if __name__ == "__main__":
    tests.test_bce_logit_grad(bce_logit_grad)


# %% [markdown] lang="zh" tags=["hint"]
# 从 $\frac{x - y}{x(1 - x)}$ 出发，分母与 $\sigma'(z)$ 相消。
# %% [markdown] lang="en" tags=["hint"]
# Start from $\frac{x - y}{x(1 - x)}$: its denominator cancels against $\sigma'(z)$.
# %% [markdown] lang="zh" tags=["question"] see="bce_logit_grad"
# 交叉熵对 $x$ 的导数是什么？它没有上界，为什么对权重的梯度却不会因此爆炸？
# %% [markdown] lang="en" tags=["question"] see="bce_logit_grad"
# What is the derivative of cross-entropy with respect to $x$? It is unbounded; why, then, do the gradients of the weights stay bounded?
# %% [markdown] lang="zh" tags=["answer"]
# 导数是 $-\frac{y}{x} + \frac{1 - y}{1 - x} = \frac{x - y}{x(1 - x)}$：$y = 1$ 而 $x \to 0$ 时趋向 $-\infty$。
# 但 $x = \sigma(z)$ 在那里几乎是平的，$\sigma'(z) = x(1 - x)$ 恰好消掉分母，剩下 $x - y$，总在 $-1$ 与 $1$ 之间；权重的梯度再乘上该层的输入，输入有界，它就有界。
# 换成平方误差就没有这个好处：那里剩下 $(x - y) \cdot x(1 - x)$，一旦错得离谱，错得越多，学得越慢。
# %% [markdown] lang="en" tags=["answer"]
# It is $-\frac{y}{x} + \frac{1 - y}{1 - x} = \frac{x - y}{x(1 - x)}$: for $y = 1$ and $x \to 0$ it goes to $-\infty$.
# But there $x = \sigma(z)$ is almost flat, and $\sigma'(z) = x(1 - x)$ cancels the denominator; what is left is $x - y$, always between $-1$ and $1$.
# The weights' gradient is this times the layer's inputs, bounded as they are.
# The squared error has no such luck: it leaves $(x - y) \cdot x(1 - x)$, and once it is badly wrong, the worse the error, the slower it learns.
# %% [markdown] lang="zh"
# ### 练习 · 稳定的交叉熵 · 20 分钟
#
# $z = 200$ 时，浮点数里 $\sigma(z)$ 就是 1，$\ln(1 - x)$ 是负无穷。
# 从 $z$ 直接算：先把损失化成 $\ln(1 + e^{z}) - zy$，再想想怎样不让 $e^z$ 溢出。
# 不用 `torch` 现成的二元交叉熵；别的函数都可以用。
# 精度：$|z| \le 1$ 时误差不超过 $10^{-5}$，$|z|$ 更大时不超过 $10^{-5} |z|$（最大到 1000）；梯度处处都要对，$z = 0$ 处也一样。
# %% [markdown] lang="en"
# ### Exercise · a stable cross-entropy · 20 min
#
# At $z = 200$, floating point has $\sigma(z)$ at 1, and $\ln(1 - x)$ at minus infinity.
# Start from $z$: bring the loss to the form $\ln(1 + e^{z}) - zy$, then think how to keep $e^z$ from overflowing.
# Do without the binary cross-entropies of `torch`; every other function is allowed.
# Precision: an error of at most $10^{-5}$ for $|z| \le 1$, and of $10^{-5} |z|$ for a larger $|z|$ (up to 1000); the gradient must be right everywhere, at $z = 0$ too.
# %% exercise="bce_with_logits" difficulty=3 importance=4 minutes=20
def bce_with_logits(z: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The cross-entropy of each label (from 0 to 1) and the probability of its logit, for |z| up to 1000.

    Right to 1e-5 times the larger of 1 and |z|, with the right gradient. Without torch's own losses.
    """
    # solution
    larger = (z + z.abs()) / 2  # max(z, 0), whose gradient at z = 0 is 1/2: with clamp it would be 1
    return larger - z * y + (-z.abs()).exp().log1p()  # the small term last: else it is lost in a large one


if __name__ == "__main__":
    if tests.test_bce_with_logits(bce_with_logits):
        z, y = torch.tensor([200.0, -200.0]), torch.tensor([0.0, 1.0])
        print("naive:", -(y * z.sigmoid().log() + (1 - y) * (1 - z.sigmoid()).log()), "stable:", bce_with_logits(z, y))


# %% [markdown] lang="zh" tags=["hint"]
# $\ln(1 + e^z) = \max(z, 0) + \ln(1 + e^{-|z|})$：指数里再也没有正数。
# %% [markdown] lang="en" tags=["hint"]
# $\ln(1 + e^z) = \max(z, 0) + \ln(1 + e^{-|z|})$: no exponent is positive any more.
# %% [markdown] lang="zh" tags=["hint"]
# $\max(z, 0)$ 写成 $\frac{z + |z|}{2}$，在 $z = 0$ 处的梯度就是对的 $\frac{1}{2}$；`relu` 和 `clamp` 在那里给出 0 或 1。
# %% [markdown] lang="en" tags=["hint"]
# Write $\max(z, 0)$ as $\frac{z + |z|}{2}$, and its gradient at $z = 0$ is $\frac{1}{2}$, as it should be; `relu` and `clamp` give 0 or 1 there.
# %% [markdown] lang="zh" tags=["hint"]
# 想更精确（题目不要求）：小的 $t$ 用 `torch.log1p(t)`，因为 `torch.log(1 + t)` 会先把 `t` 舍入掉。
# 还要最后才加这一项：先加到 20 上，再减 20，它就丢了。
# %% [markdown] lang="en" tags=["hint"]
# To be more precise than asked: for small $t$ use `torch.log1p(t)`, since `torch.log(1 + t)` rounds `t` away first.
# And add that term last: added to 20 before 20 is subtracted, it is lost.
# %% [markdown] lang="zh"
# ## 3 · 信息
#
# 熵、交叉熵和 KL 以后还要用：分类的损失就是交叉熵；最后两题是选做。
# 所有的对数都是自然对数，单位是奈特（nat）。
# %% [markdown] lang="en"
# ## 3 · Information
#
# Entropy, cross-entropy and KL are used again later: a classifier's loss is a cross-entropy; the last two exercises are a bonus.
# All logarithms are natural, the unit is the nat.
# %% [markdown] lang="zh"
# ### 练习 · 熵 · 15 分钟
#
# 一件概率为 $p$ 的事发生了，你的惊讶是 $-\ln p$，也叫自信息（self-information）；熵（entropy）是平均的惊讶。
# 不会发生的事不贡献：$0 \ln 0$ 算作 0。
# %% [markdown] lang="en"
# ### Exercise · entropy · 15 min
#
# When something of probability $p$ happens, your surprise is $-\ln p$, also called self-information; entropy is the mean surprise.
# What never happens adds nothing: $0 \ln 0$ counts as 0.
# %% exercise="entropy" difficulty=2 importance=4 minutes=15
def entropy(p: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The entropy of a distribution, in nats; probabilities of 0 add 0."""
    # solution
    return -torch.special.xlogy(p, p).sum()


if __name__ == "__main__":
    if tests.test_entropy(entropy):
        coin, loaded = torch.tensor([0.5, 0.5]), torch.tensor([0.9, 0.1])
        print(f"a fair coin: {float(entropy(coin)):.3f} nats, a loaded one: {float(entropy(loaded)):.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# `torch.special.xlogy(x, y)` 就是 $x \ln y$，并且在 $x = 0$ 时给 0。
# %% [markdown] lang="en" tags=["hint"]
# `torch.special.xlogy(x, y)` is $x \ln y$, and gives 0 where $x = 0$.
# %% [markdown] lang="zh"
# ### 练习 · 交叉熵 · 10 分钟
#
# 世界按 $p$ 运行，你却以为是 $q$：平均的惊讶是 $H(p, q) = -\sum_i p_i \ln q_i$。
# 你说绝不会发生的事若发生了，惊讶就是无穷大。
# %% [markdown] lang="en"
# ### Exercise · cross-entropy · 10 min
#
# The world runs by $p$ and you believe in $q$: your mean surprise is $H(p, q) = -\sum_i p_i \ln q_i$.
# If what you call impossible does happen, it is infinite.
# %% exercise="cross_entropy" difficulty=2 importance=5 minutes=10
def cross_entropy(p: Float[Tensor, " k"], q: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The mean surprise under p of one who believes in q: infinite where q = 0 < p, nothing where p = 0."""
    # solution
    return -torch.special.xlogy(p, q).sum()


if __name__ == "__main__":
    if tests.test_cross_entropy(cross_entropy) and tests.test_entropy(entropy):
        figures.entropies(entropy, cross_entropy).show()
        p, uniform = torch.tensor([0.7, 0.2, 0.1]), torch.full((3,), 1 / 3)
        print(
            f"uniform guess {float(cross_entropy(p, uniform)):.4f} = ln 3 {math.log(3):.4f}, q = p: {float(entropy(p)):.4f}"
        )


# %% [markdown] lang="zh" tags=["hint"]
# $p$ 与 $q$ 都是 0 的地方，也只算 0：还是 `xlogy`。
# %% [markdown] lang="en" tags=["hint"]
# Where both $p$ and $q$ are 0, it counts as 0 too: `xlogy` again.
# %% [markdown] lang="zh" tags=["question"] see="cross_entropy"
# 均匀猜测的交叉熵是多少？$q = p$ 时呢？它们是上界和下界吗？
# %% [markdown] lang="en" tags=["question"] see="cross_entropy"
# What is the cross-entropy of the uniform guess? And of $q = p$? Are these bounds?
# %% [markdown] lang="zh" tags=["answer"]
# 均匀猜测时每个 $-\ln q_i$ 都是 $\ln |V|$，所以不论 $p$ 是什么，交叉熵都是 $\ln |V|$。
# 它是基线，不是上界：自信地猜错，损失比它大得多，直到无穷。
# $q = p$ 时是 $H(p)$，这才是下界，通常大于 0；只有 $p$ 把全部概率放在一件事上时才是 0。
# 所以刚初始化的十类网络，损失应在 $\ln 10 \approx 2.303$ 附近：若远大于它，就是初始化有毛病，网络还没学就已经很自信。
# 标签有没有错，这里看不出来：均匀猜测的损失与标签无关。
# %% [markdown] lang="en" tags=["answer"]
# For the uniform guess every $-\ln q_i$ is $\ln |V|$, so the cross-entropy is $\ln |V|$ whatever $p$ is.
# It is a baseline and no upper bound: to be wrong with confidence costs far more, up to infinity.
# $q = p$ gives $H(p)$, which is a lower bound, and usually above 0; it is 0 only if $p$ puts everything on one outcome.
# So a fresh net of ten classes should lose about $\ln 10 \approx 2.303$: if it is far more, look at the initialisation, for the net is confident before it has learnt anything.
# Wrong labels don't show here: the loss of the uniform guess is the same for all labels.
# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    loss = torch.nn.functional.cross_entropy(net(torch.rand(500, 64)), torch.randint(0, 10, (500,)))
    print(f"a fresh net of ten classes: {loss.item():.3f}, and ln 10 = {math.log(10):.3f}")


# %% [markdown] lang="zh"
# ### 练习 · KL 散度 · 10 分钟
#
# 信错了要多付多少惊讶？$\mathrm{KL}(p \parallel q) = H(p, q) - H(p)$，从不小于 0。
# 它不是距离：换了 $p$ 与 $q$，值就变。
# %% [markdown] lang="en"
# ### Exercise · KL divergence · 10 min
#
# How much more surprise do you pay for the wrong belief? $\mathrm{KL}(p \parallel q) = H(p, q) - H(p)$, never below 0.
# It is no distance: exchange $p$ and $q$, and the value changes.
# %% exercise="kl_divergence" difficulty=2 importance=5 minutes=10
def kl_divergence(p: Float[Tensor, " k"], q: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The sum of p ln(p/q): infinite where q = 0 < p, nothing where p = 0; rounding may make a 0 slightly negative."""
    # solution
    return cross_entropy(p, q) - entropy(p)


if __name__ == "__main__":
    if tests.test_kl_divergence(kl_divergence):
        p, q = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.2, 0.3, 0.5])
        print(f"KL(p, q) {float(kl_divergence(p, q)):.3f}, KL(q, p) {float(kl_divergence(q, p)):.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 这个差的两项，你各写过一个函数。
# %% [markdown] lang="en" tags=["hint"]
# You have written a function for either term of this difference.
# %% [markdown] lang="zh" tags=["question"] see="kl_divergence"
# 训练时 $p$ 是固定的。最小化交叉熵与最小化 $\mathrm{KL}(p \parallel q)$ 有区别吗？
# %% [markdown] lang="en" tags=["question"] see="kl_divergence"
# In training $p$ is fixed. Does it matter whether you minimise cross-entropy or $\mathrm{KL}(p \parallel q)$?
# %% [markdown] lang="zh" tags=["answer"]
# 没有：两者只差 $H(p)$，它与 $q$ 无关，梯度完全相同。
# 区别只在读数：KL 的最小值是 0，交叉熵的最小值是 $H(p)$，所以损失降不到 0 不一定是模型的错。
# %% [markdown] lang="en" tags=["answer"]
# No: they differ by $H(p)$, which does not depend on $q$, and their gradients are the same.
# Only the reading differs: KL's least value is 0, that of cross-entropy is $H(p)$, so a loss that won't go to 0 need not be the model's fault.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 困惑度 · 5 分钟
#
# 困惑度（perplexity）是 $e^{H(p, q)}$：仿佛你每次都在这么多个等可能的选项里猜。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · perplexity · 5 min
#
# Perplexity is $e^{H(p, q)}$: as if you guessed each time among so many equally likely choices.
# %% exercise="perplexity" difficulty=1 importance=3 minutes=5
def perplexity(p: Float[Tensor, " k"], q: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """The number of equally likely choices that would surprise as much."""
    # solution
    return cross_entropy(p, q).exp()


if __name__ == "__main__":
    tests.test_perplexity(perplexity)


# %% [markdown] lang="zh" tags=["hint"]
# 熵以奈特计，底就是 $e$；以比特计，底才是 2。
# %% [markdown] lang="en" tags=["hint"]
# Entropy in nats has the base $e$; it would be 2 for bits.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 二元语法模型 · 25 分钟
#
# 最简单的语言模型，二元语法模型（bigram）：只看前一个字符。
# 数一数每个字符后面跟着什么，就得到 $q(b \mid a)$；再求同一篇文本里 $-\ln q(b \mid a)$ 对所有相邻字符对的平均。
# 大小写、空格、标点都是不同的字符。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · a bigram model · 25 min
#
# The simplest language model, the bigram model, sees one character back.
# Count what follows each character, and you have $q(b \mid a)$; then average $-\ln q(b \mid a)$ over all pairs of neighbours in the same text.
# Capitals, spaces and punctuation are characters of their own.
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

# %% [markdown] lang="zh" tags=["hint"]
# `Counter(zip(text, text[1:]))` 数所有相邻的字符对；分母是 `a` 作为前一个字符的次数，最后一个字符不算。
# %% [markdown] lang="en" tags=["hint"]
# `Counter(zip(text, text[1:]))` counts all pairs; the denominator is how often `a` comes first, and the last character never does.
# %% [markdown] lang="zh" tags=["hint"]
# 每种字符对贡献它的次数乘 $-\ln q$，最后除以 `len(text) - 1`。
# %% [markdown] lang="en" tags=["hint"]
# Each kind of pair adds its count times $-\ln q$; at the end divide by `len(text) - 1`.
# %% [markdown] lang="zh" tags=["question"] see="bigram_cross_entropy"
# 文本很短时，二元语法模型在自己的文本上看起来好得出奇。为什么不能相信这个数字？
# %% [markdown] lang="en" tags=["question"] see="bigram_cross_entropy"
# On a short text the bigram model looks wonderful on its own text. Why is this number not to be believed?
# %% [markdown] lang="zh" tags=["answer"]
# 它在考试里看过答案：一个字符若只出现过一次，它后面那个字符的概率就估成 1，惊讶是 0。
# 这就是过拟合；换一篇新文本，没见过的字符对会让交叉熵变成无穷大，除非把计数平滑一下。
# 文本足够长，估计才接近真实的条件概率，交叉熵才接近条件熵：那是任何只看一个字符的模型的下界。
# %% [markdown] lang="en" tags=["answer"]
# It has seen the answers before the exam: where a character has occurred only once, what followed it gets probability 1, and surprise 0.
# That is overfitting; on a new text, a pair it has never seen makes cross-entropy infinite, unless the counts are smoothed.
# Only with length do the estimates come near the true probabilities, and cross-entropy near the conditional entropy: the lower bound of every model that looks one character back.
