# %% [markdown] lang="zh" order=2
# # 第 3 天 · 用自己的引擎训练网络
#
# 上一课你写出了自动求导的引擎。这一课先学会检验任何一个手写的梯度，再用这台引擎搭起 `Module`、`SGD` 和训练循环，去读训练时没见过的手写数字，92% 以上能读对；最后写出反向传播的四个公式，并看一个语言模型能学到多好。
#
# **先修**：`part3_backprop`（计算图、`Tensor`、反向函数）、`part0_chance`（差商、交叉熵、熵）。
# **时间**：约 4 小时；第 2 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint gradcheck`，自测用 `coach questions`。
#
# 整课的规矩：
# - 不用 torch；NumPy、引擎和 Python 的标准库都可以用，循环与否不限，除非练习另有说明。
# - 收 NumPy 数组、给 NumPy 数组的函数：`float32` 进、`float32` 出，`float64` 进、`float64` 出，除非练习另有说明；数组可以不连续；输入不许改动。
# - 批次至少有一个样本，值都是有限的；没有提到的情形不判。
# %% [markdown] lang="en" order=2
# # Day 3 · training a network on your own engine
#
# In the last lesson you wrote an engine that finds gradients. In this one you learn to check any gradient written by hand, build `Module`, `SGD` and a training loop on the engine, and read handwritten digits that it wasn't trained on, more than 92% of them correctly; then you write the four equations of backpropagation, and see how good a language model can become.
#
# **You need** `part3_backprop` (graph, `Tensor`, backward functions) and `part0_chance` (difference quotients, cross-entropy, entropy).
# **Time**: about 4 hours; the end of section 2 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint gradcheck` helps when you are stuck, `coach questions` asks you questions to test yourself.
#
# The rules of the whole lesson:
# - No torch; NumPy, the engine and Python's standard library may all be used, with loops or without, unless an exercise says otherwise.
# - Functions from NumPy arrays to NumPy arrays: `float32` in, `float32` out, `float64` in, `float64` out, unless an exercise says otherwise; arrays need not be contiguous; inputs stay unchanged.
# - A batch has at least one example, and all values are finite; what isn't mentioned isn't judged.
# %%
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int
from part3_backprop.solutions import BACK_FUNCS, Tensor, wrap_forward_fn  # or from its `answers`: your own engine
from sklearn.datasets import load_digits

from part3_networks import figures, once, tests


# %% [markdown] lang="zh"
# 上面有一行 `from part3_backprop.solutions import …`：这一课用的引擎就从这里来。
# 上一课写完了，就改成 `from part3_backprop.answers import …`，从此训练用的就是你自己的引擎；评判也跟着用它。
# 如果哪个测试的错误看着与你刚写的函数无关，先改回 `solutions` 再试：那样就知道错在哪一边。
#
# 引擎里要用到的，提醒一下：`Tensor(array)` 包着一个数组 `x.array`，`requires_grad=True` 说它要梯度；`y.backward()` 之后梯度在 `x.grad`，它自己也是一个 `Tensor`；`x.recipe` 记着一个结果是怎么算出来的。
# %% [markdown] lang="en"
# One line above says `from part3_backprop.solutions import …`: that is where this lesson takes its engine from.
# If you have finished the last lesson, make it `from part3_backprop.answers import …`; from then on you train on your own engine, and are judged with it.
# If a test fails in a way that seems to have nothing to do with what you have just written, change back to `solutions` and try again: then you know on which side the fault is.
#
# A reminder of what is used of the engine: `Tensor(array)` wraps an array, `x.array`, and `requires_grad=True` says that it wants a gradient; after `y.backward()` the gradient is in `x.grad`, itself a `Tensor`; `x.recipe` notes how a result was computed.
# %% [markdown] lang="zh" tags=["question"] see="part3_backprop.backprop"
# 先回想上一课，不要翻看：同一个张量在图里用了两次，它收到的两份梯度怎么办？
# %% [markdown] lang="en" tags=["question"] see="part3_backprop.backprop"
# Recall the last lesson without looking it up: a tensor is used twice in the graph; what happens to the two gradients that reach it?
# %% [markdown] lang="zh" tags=["answer"]
# 相加：改动它，两条路上的结果都会变，两份变化加在一起。
# 用 `=` 代替 `+=`，就只剩最后到的那一份；下一格看看这样会怎样。
# %% [markdown] lang="en" tags=["answer"]
# They are added: if the tensor changes, the results on both paths change, and the two changes add up.
# With `=` in place of `+=` only the one that comes last is left; the next cell shows what that does.
# %% [markdown] lang="zh"
# ## 1 · 检验梯度
# ### 错了，却没有人抱怨
#
# 损失 $(3a - b)^2 + (b - 2)^2$ 里，$b$ 用了两次，所以它的斜率有两项：$-2(3a - b) + 2(b - 2)$。
# 下面第二次下降用的梯度漏了后一项。
# 没有错误信息，形状也对；从 $a = 2,\ b = 1$ 出发，损失还是从 26 一路下降。
# %% [markdown] lang="en"
# ## 1 · Checking gradients
# ### Wrong, and nobody complains
#
# In the loss $(3a - b)^2 + (b - 2)^2$, $b$ is used twice, so its slope has two terms: $-2(3a - b) + 2(b - 2)$.
# The second descent below forgets the second term.
# There is no error message, and the shapes are right; from $a = 2,\ b = 1$ the loss still falls from 26, step after step.
# %% [markdown] lang="zh" tags=["question"] see="gradcheck"
# 先预测，再运行下一格：漏了一项的梯度，走 500 步之后损失会停在哪里？0、0.2 以上，还是越走越高？只看损失曲线，你会起疑吗？
# %% [markdown] lang="en" tags=["question"] see="gradcheck"
# Predict, then run the next cell: with this term forgotten, where does the loss end after 500 steps: at 0, above 0.2, or higher and higher? Would its curve alone make you suspicious?
# %% [markdown] lang="zh" tags=["answer"]
# 停在 0.25：它走到 $3a = b$ 的某处就不动了，那里漏了一项的梯度是 0，真正的梯度却不是。
# 只看曲线看不出来：它先快后慢地下降，然后变平，正像一次普通的训练。
# 所以梯度要单独检验，不能靠“损失在降”。
# %% [markdown] lang="en" tags=["answer"]
# At 0.25: it comes to rest somewhere on $3a = b$, where the gradient without that term is 0, and the true one isn't.
# The curve gives nothing away: it falls, fast and then slowly, and levels out, as in any training.
# So gradients need a check of their own; that the loss falls is no proof.
# %%
def descend(steps: int, forget: bool) -> float:
    """The loss after so many steps of gradient descent, with the right slopes or with a term forgotten."""
    a, b = 2.0, 1.0
    for _ in range(steps):
        slope_a, slope_b = 6 * (3 * a - b), -2 * (3 * a - b) + (0 if forget else 2 * (b - 2))
        a, b = a - 0.02 * slope_a, b - 0.02 * slope_b
    return (3 * a - b) ** 2 + (b - 2) ** 2


if __name__ == "__main__":
    for forget in (False, True):
        print(f"forget: {forget!s:5}  loss after 0, 5, 500 steps:", [round(descend(n, forget), 2) for n in (0, 5, 500)])


# %% [markdown] lang="zh" numbers="0.25 12.01 12.61"
# ### 差商，以及它的两种误差
#
# 漏了一项的下降停在 0.25，而它的曲线看不出毛病：所以梯度要单独检验。
# 检验的办法不用任何求导法则：把输入拧一丁点，看结果变多少。
# 这就是差商，`part0_chance` 里见过：从两边各走一步，$\frac{f(x + h) - f(x - h)}{2h}$。
#
# 用 $f(x) = x^3$ 在 $x = 2$ 处走一遍，真正的斜率是 $3 \cdot 2^2 = 12$，步长 $h = 0.1$：
# - 两边：$(2.1^3 - 1.9^3) / 0.2 = (9.261 - 6.859) / 0.2$ = 12.01，差 0.01。
# - 一边：$(2.1^3 - 2^3) / 0.1 = (9.261 - 8) / 0.1$ = 12.61，差 0.61。
#
# 两边的差商好得多，因为曲线的弯在两边相互抵消；剩下的误差大致与 $h^2$ 成正比，一边的与 $h$ 成正比：$h$ 缩小到十分之一，两边的误差约缩小到百分之一，一边的只缩小到约十分之一。这种误差叫截断误差（truncation error）：它来自泰勒公式里截去的那些项。
# 那么 $h$ 越小越好吗？
# %% [markdown] lang="en" numbers="0.25 12.01 12.61"
# ### The difference quotient and its two errors
#
# With a term forgotten the descent ends at 0.25, and its curve looks like any other: gradients need a check of their own.
# The check needs no rule of differentiation: turn an input a little, and see how much the result changes.
# That is the difference quotient of `part0_chance`, with a step to either side: $\frac{f(x + h) - f(x - h)}{2h}$.
#
# Follow it for $f(x) = x^3$ at $x = 2$, where the true slope is $3 \cdot 2^2 = 12$, with the step $h = 0.1$:
# - both sides: $(2.1^3 - 1.9^3) / 0.2 = (9.261 - 6.859) / 0.2$ = 12.01, off by 0.01;
# - one side: $(2.1^3 - 2^3) / 0.1 = (9.261 - 8) / 0.1$ = 12.61, off by 0.61.
#
# Both sides are far better, since the bend of the curve cancels; the error that is left is roughly in proportion to $h^2$, and with one side to $h$: make $h$ ten times smaller, and the error with both sides falls to about a hundredth, with one side only to about a tenth. It is called **truncation error**: it comes from the terms of Taylor's formula that were cut off.
# So, the smaller $h$, the better?
# %%
if __name__ == "__main__":
    print(f"both sides {(2.1**3 - 1.9**3) / 0.2:.2f}, one side {(2.1**3 - 2**3) / 0.1:.2f}")


# %% [markdown] lang="zh" tags=["question"] see="numerical_gradient"
# 先预测，再运行下一格：$h$ 取 $10^{-2}$、$10^{-5}$、$10^{-12}$ 中的哪一个，`float64` 里最准？换成 `float32` 呢？
# %% [markdown] lang="en" tags=["question"] see="numerical_gradient"
# Predict, then run the next cell: which $h$ gives the smallest error in `float64`: $10^{-2}$, $10^{-5}$ or $10^{-12}$? And in `float32`?
# %% [markdown] lang="zh" tags=["answer"]
# `float64` 里是 $10^{-5}$；$10^{-12}$ 反而比 $10^{-2}$ 还差。
# `float32` 里三个中最好的是 $10^{-2}$；$h = 10^{-12}$ 时 $x + h$ 舍入回 $x$，差商就是 0。
# “越小越好”只在纸上成立：那里的数有无穷多位。
# %% [markdown] lang="en" tags=["answer"]
# In `float64` $10^{-5}$; $10^{-12}$ is even worse than $10^{-2}$.
# In `float32` the best of the three is $10^{-2}$; with $h = 10^{-12}$, $x + h$ is rounded back to $x$, and the quotient is 0.
# "The smaller, the better" holds on paper only, where numbers have endless digits.
# %%
def errors(dtype: Any, steps: Sequence[float], both: bool = True) -> list[float]:
    """How far the difference quotient of exp at 1 is from e, computed in this dtype, for each step."""
    found = []
    for h in steps:
        here, step = dtype(1), dtype(h)  # 1 and h, as numbers of this dtype
        low = here - step if both else here
        quotient = (np.exp(here + step) - np.exp(low)) / (step * dtype(2 if both else 1))
        found.append(abs(float(quotient) - float(np.exp(1.0))))
    return found


if __name__ == "__main__":
    for dtype in (np.float64, np.float32):
        print(dtype.__name__, "errors:", [f"{e:.0e}" for e in errors(dtype, (1e-2, 1e-5, 1e-12))], end="; ")
        print(f"the best h is about {(3 * np.finfo(dtype).eps) ** (1 / 3):.0e}")  # eps: from 1 to the next float
    steps = [10 ** (-k / 4) for k in range(2, 53)]
    one_side = errors(np.float64, steps, both=False)
    figures.best_step(steps, errors(np.float64, steps), one_side, errors(np.float32, steps)).show()


# %% [markdown] lang="zh" numbers="9e-06 7e-03"
# ### 最好的 h
#
# 图里的每条线都是一个 V 形。
# 右边是截断误差，两边的差商约为 $h^2 |f'''| / 6$（$f'''$ 是三阶导数）：$h$ 越大，这一段曲线越不像直线。
# 左边是舍入误差（rounding error）：$f$ 的值本身只准到 $\varepsilon |f|$，$\varepsilon$ 是机器精度（machine epsilon），即 1 与下一个数的距离，`float64` 约 $2 \cdot 10^{-16}$，`float32` 约 $10^{-7}$；这点误差还要除以 $h$，所以 $h$ 越小，放得越大。
# 设 $f$ 与 $f'''$ 都约为 1，两种误差加起来约为 $\frac{h^2}{6} + \frac{\varepsilon}{h}$。它的导数 $\frac{h}{3} - \frac{\varepsilon}{h^2}$ 为 0 的地方最小，那里 $h = (3\varepsilon)^{1/3}$：`float64` 约 9e-06，`float32` 约 7e-03。
#
# 由此得出三条规则：用 `float64` 检验；$h$ 取 $10^{-5}$ 到 $10^{-6}$；不要求完全相等，只要求*相对*误差小，因为梯度本身有大有小。
# %% [markdown] lang="en" numbers="9e-06 7e-03"
# ### The best h
#
# Each line in the figure is a V.
# On the right is truncation error, about $h^2 |f'''| / 6$ with both sides (where $f'''$ is the third derivative): the larger $h$, the less this piece of the curve looks like a straight line.
# On the left is **rounding error**: the values of $f$ are only known to $\varepsilon |f|$, where $\varepsilon$, **machine epsilon**, is the distance from 1 to the next number, about $2 \cdot 10^{-16}$ in `float64` and $10^{-7}$ in `float32`; this is then divided by $h$, and so the smaller $h$, the more it is magnified.
# Let $f$ and $f'''$ both be about 1; the two errors then add up to about $\frac{h^2}{6} + \frac{\varepsilon}{h}$. This is smallest where its derivative, $\frac{h}{3} - \frac{\varepsilon}{h^2}$, is 0: at $h = (3\varepsilon)^{1/3}$, about 9e-06 in `float64` and 7e-03 in `float32`.
#
# Three rules follow: check in `float64`; take $h$ between $10^{-5}$ and $10^{-6}$; and don't ask for equality but for a small *relative* error, since gradients themselves are large or small.
# %% [markdown] lang="zh"
# ### 练习 · 数值梯度 · 10 分钟
#
# `f` 收一个数组，给一个数；`x` 可以是任何形状（没有轴也可以，空的也可以）。
# 返回与 `x` 同形状的数组：每个位置都是 `f` 沿这个位置的中心差商，步长就是 `h`。
# 例如 `f` 是 `lambda x: (x**3).sum()`，`x` 是 `[2.0, 1.0]`，`h=0.1`：得到 `[12.01, 3.01]`。
# - 不管 `x` 是什么类型，都在它的 `float64` 副本上算，结果是 `float64`。
# - `x` 不许改动；`f` 每次收到的数组与 `x` 形状相同，只有一个元素不同（可以每次都是同一个数组，改来改去）。
# - `f` 给的可以是 Python 的数，也可以是没有轴的数组。
#
# `gradcheck` 和第 2 节里 softmax、层归一化的反向都用它检验。
# %% [markdown] lang="en"
# ### Exercise · the numerical gradient · 10 min
#
# `f` takes an array and gives one number; `x` may have any shape (no axes, or empty, too).
# Return an array of the shape of `x`: at each place the central difference of `f` along that place, with step `h`.
# For example, if `f` is `lambda x: (x**3).sum()`, `x` is `[2.0, 1.0]` and `h=0.1`, you return `[12.01, 3.01]`.
# - Whatever the dtype of `x`, compute on a `float64` copy of it; the result is `float64`.
# - `x` stays unchanged; the arrays that `f` is given have the shape of `x`, and differ from it in one element (it may be the same array each time, changed and changed back).
# - What `f` gives may be a Python number or an array without axes.
#
# `gradcheck` is built on it, and in section 2 it checks the backward of softmax and of layer norm.
# %% exercise="numerical_gradient" difficulty=2 importance=5 minutes=10
def numerical_gradient(
    f: Callable[[np.ndarray], Any], x: Float[np.ndarray, "..."], h: float = 1e-5
) -> Float[np.ndarray, "..."]:
    """The central difference of f along each element of x, in float64."""
    # solution
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


if __name__ == "__main__":
    if tests.test_numerical_gradient(numerical_gradient):
        print(numerical_gradient(lambda x: (x**3).sum(), np.array([2.0, 1.0]), h=0.1))


# %% [markdown] lang="zh" tags=["hint"]
# 怎样走遍任意形状的数组的所有位置？`np.ndindex` 给出的是什么？
# %% [markdown] lang="en" tags=["hint"]
# How do you go through all places of an array of any shape? What does `np.ndindex` give?
# %% [markdown] lang="zh" tags=["hint"]
# 每个位置：复制 `x`，一份加 `h`，另一份减；两次调用之差除以两点的距离。
# %% [markdown] lang="en" tags=["hint"]
# At each place: make two copies of `x`, add `h` to one and subtract it from the other; divide the difference of the two calls by the distance between the points.
# %% [markdown] lang="zh" numbers="0.0"
# ### 检验引擎：从数组到数组
#
# 引擎里的函数给出的多半是数组，不是一个数。
# 把输出加起来，就成了一个数；可是这样会漏掉错误。
# 最好的例子是 softmax：一行的概率加起来总是 1，所以不管输入怎么变，和的梯度都是 0.0。一个反向函数哪怕什么也不做，只返回 0，也能通过。
#
# 办法：先给每个输出一个随机的权重 $v$，再求和。
# 检验的就是 $\sum_i v_i f_i(x)$ 的梯度；哪个输出的反向错了，几乎必然露馅。若反向的梯度与差商处处差同一个倍数，就找漏掉的系数：损失是 50 个样本的平均，反向却忘了除以 50，每个梯度正好大 50 倍。（损失也可以有意取和而不取平均：梯度随批量一起变大，学习率要缩小同样的倍数，每步才和原来一样大。）
# 在真正的网络里，上游的梯度也不会全是 1。输入也要随机、彼此不同：$x$ 与 $y$ 相等时，把 $x \cdot y$ 对 $x$ 的梯度错写成 $g\,x$（应是 $g\,y$）也能通过；能广播的，形状也取不同的。
#
# 费用：$n$ 个输入要算 $2n$ 次前向，反向只要一次。所以用小的数组检验，用反向训练。
# %% [markdown] lang="en" numbers="0.0"
# ### Checking the engine: from arrays to arrays
#
# Most functions of the engine give an array, not one number.
# Add up the outputs, and you have a number; but then errors slip through.
# The best example is softmax: the probabilities of a row always sum to 1, so the gradient of the sum is 0.0 whatever the input. A backward function that does nothing at all and returns 0 passes.
#
# The way out: give each output a random weight $v$ before you add.
# What is checked is the gradient of $\sum_i v_i f_i(x)$; if the backward of any output is wrong, it almost surely shows. If backward and the quotients differ by the same factor everywhere, look for a forgotten constant: where the loss is the mean over 50 examples and backward forgets to divide by 50, each gradient is exactly 50 times too large. (A loss may be a sum on purpose; its gradients grow with the batch, and to keep steps as long as before, the learning rate must shrink by the same factor.)
# In a real network the upstream gradient isn't all ones either. Inputs should be random, too, and differ from each other: where $x$ equals $y$, a rule for $x \cdot y$ that sends $g\,x$ back to $x$ passes, though $g\,y$ is right; and where they may broadcast, their shapes should differ as well.
#
# The price: $n$ inputs take $2n$ forward passes, backward takes one. So check with small arrays, and train with backward.
# %% [markdown] lang="zh" tags=["question"] see="gradcheck"
# 再预测一个：ReLU 在 $x = 0$ 处有个尖角。两边的差商在那里给出几？只往右走一步的呢？torch 约定那里的斜率是 0。三个答案，有错的吗？
# %% [markdown] lang="en" tags=["question"] see="gradcheck"
# One more prediction: ReLU has a corner at $x = 0$. What does the quotient of both sides give there, and that of one step to the right? By convention torch takes the slope there to be 0. That makes three answers: is any of them wrong?
# %% [markdown] lang="zh" tags=["answer"]
# 两边的是 $(h - 0) / 2h = 0.5$，往右一步的是 1：尖角处没有切线，0 到 1 之间的数都说得过去，谁也没有错。
# 可是拿它们互相检验，就对不上。所以检验时避开尖角：随机的输入几乎不会落在上面；若离尖角不到 $h$，就换一个点（或者缩小 $h$）：尖角的误差会消失，真正的错还在。
# %% [markdown] lang="en" tags=["answer"]
# Both sides give $(h - 0) / 2h = 0.5$, one step to the right gives 1: at a corner there is no tangent, every number from 0 to 1 can be defended, and none is wrong.
# Checked against each other, though, they disagree. So keep away from corners: random inputs hardly ever lie on one; if one is closer than $h$, take another point (or a smaller $h$): the error of a corner goes away, that of a bug stays.
# %%
def softmax(x: Float[np.ndarray, "*batch n"]) -> Float[np.ndarray, "*batch n"]:
    """The probabilities of each row of scores."""
    exp = np.exp(x - x.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


if __name__ == "__main__":
    if tests.test_numerical_gradient(numerical_gradient):
        for name, v in {"ones": np.ones(3), "random weights": np.array([2.0, -1, 3])}.items():
            slope = numerical_gradient(lambda x, v=v: (v * softmax(x)).sum(), np.array([1.0, 2, 4]))
            print(f"upstream {name}:", slope.round(3) + 0.0)  # + 0.0: no minus before a 0
    h = 1e-5
    print("at the corner, both sides:", (max(h, 0) - max(-h, 0)) / (2 * h), " to the right:", max(h, 0) / h)


# %% [markdown] lang="zh"
# ### 练习 · 检验梯度 · 20 分钟
#
# 梯度检验（gradient check）就是把反向传播的梯度与差商比一比。
# `f` 收一个或几个 `Tensor`，给一个 `Tensor`（任何形状）；`inputs` 是给它的数组。
# 返回 `True`，若对*每个*输入，`backward` 得到的梯度与差商在每个位置都相符：$|a - n| \le 10^{-6} + 10^{-4} |n|$，$a$ 是引擎的，$n$ 是差商；否则返回 `False`。
# 例如 `gradcheck(lambda x: x.log(), [np.array([1.0, 2.0])])` 是 `True`；`h` 是差商的步长。
# - 输出的权重没有一个是 0；有几个输出时，不能都相同（例如全是 1）。最好都在 1 上下：一万个输出的权重若是 1、2、3……，光是舍入误差就超过容差。逐个检验每个输出，也可以。
# - 输入可以是 `float32`：换成 `float64` 的 `Tensor` 再算，因为 `float32` 的差商不够准。`inputs` 里的数组不许改动。
# - 梯度没有到达某个输入时，它的 `.grad` 是 `None`，就当作 0：如果 `f` 真的不用这个输入，那是对的。`f` 用到的别的张量，`.grad` 变成什么不评判。
# - 评判用的错误至少差百分之一，而且有的只错在一个位置。评判时，梯度与输入的形状总是相同；检验自己的函数时，形状也要比，不然广播会让形状不对的也通过。
# - ReLU 的输入离尖角不到 `h` 时，差商跨过尖角，与反向不符，结果是 `False`，代码却没有错：换一组输入再检验。评判时没有尖角。
# - 同样，`f` 每次调用都要是*同一个*函数：随机失活（dropout）每次另抽一批单元，$f(x + h)$ 与 $f(x - h)$ 就不是同一个函数的值，差商是两次抽签之差除以 $2h$，大得离谱。检验时关掉它，或者在 `f` 里每次用同一个种子新造 `rng`。
# %% [markdown] lang="en"
# ### Exercise · the gradient check · 20 min
#
# A **gradient check** compares the gradients of backpropagation with difference quotients.
# `f` takes one or several `Tensor`s and gives a `Tensor` (of any shape); `inputs` are the arrays for it.
# Return `True` if for *each* input the gradient from `backward` agrees with the difference quotient at every place: $|a - n| \le 10^{-6} + 10^{-4} |n|$, where $a$ is the engine's and $n$ the quotient; else `False`.
# For example, `gradcheck(lambda x: x.log(), [np.array([1.0, 2.0])])` is `True`; `h` is the step of the quotients.
# - None of the outputs' weights is 0; where there are several outputs, they must not all be equal (all 1, say). Best keep them near 1: for ten thousand outputs with the weights 1, 2, 3, …, rounding errors alone exceed the tolerance. Checking every output on its own is fine, too.
# - Inputs may be `float32`: compute with `float64` `Tensor`s, because quotients in `float32` aren't exact enough. The arrays in `inputs` stay unchanged.
# - Where no gradient reaches an input, its `.grad` is `None`, which counts as 0: if `f` really doesn't use this input, that is right. What happens to the `.grad` of other tensors that `f` uses isn't judged.
# - The errors that you are judged with are at least one per cent, and some are in one place only. In the tests a gradient always has the shape of its input; when you check functions of your own, compare the shapes as well, or broadcasting may let a wrong shape pass.
# - Where the input of a ReLU is closer to its corner than `h`, the quotient reaches across the corner and disagrees with backward: the result is `False`, though the code is right, so check with other inputs. The tests have no corners.
# - For the same reason `f` must be *one* function, the same in every call: dropout draws other units each time, so $f(x + h)$ and $f(x - h)$ belong to different functions, and their difference, divided by $2h$, is huge and means nothing. Switch it off for the check, or let `f` make a new `rng` from the same seed in each call.
# %% exercise="gradcheck" difficulty=3 importance=5 minutes=20
def gradcheck(f: Callable[..., Tensor], inputs: Sequence[np.ndarray], h: float = 1e-5) -> bool:
    """Whether the engine's gradients of f agree with central differences, for random weights of the outputs."""
    # solution
    arrays = [np.array(array, dtype=np.float64) for array in inputs]
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    out = f(*leaves)
    v = np.random.default_rng(0).normal(size=out.array.shape)
    (out * Tensor(v)).sum().backward()

    for i, leaf in enumerate(leaves):
        before, after = arrays[:i], arrays[i + 1 :]
        weighted = lambda x: (v * f(*map(Tensor, [*before, x, *after])).array).sum()  # noqa: B023, E731
        numerical = numerical_gradient(weighted, arrays[i], h)
        got = np.zeros_like(numerical) if leaf.grad is None else leaf.grad.array
        if got.shape != numerical.shape or not np.allclose(got, numerical, rtol=1e-4, atol=1e-6):
            return False
    return True


if __name__ == "__main__":
    if tests.test_gradcheck(gradcheck):
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
        print("matmul:", gradcheck(lambda x, y: x @ y, [x, y]), "  relu:", gradcheck(lambda x: x.relu(), [x]))
        print("a constant where x should be:", gradcheck(lambda x: x * x.array, [x]))


# %% [markdown] lang="zh" tags=["hint"]
# 分两半：引擎的一半（造 `Tensor`、调用 `f`、加权求和、`backward`），差商的一半（一次只动一个输入）。
# %% [markdown] lang="en" tags=["hint"]
# There are two halves: the engine's (make `Tensor`s, call `f`, weigh and sum, `backward`) and the quotients' (one input moves at a time).
# %% [markdown] lang="zh" tags=["hint"]
# `numerical_gradient` 要的是“一个数组进，一个数出”的函数：其他输入固定，把 `f` 的输出取 `.array`，乘权重，求和。
# %% [markdown] lang="en" tags=["hint"]
# `numerical_gradient` wants a function from one array to one number: keep the other inputs fixed, take `.array` of what `f` gives, times the weights, and sum.
# %% [markdown] lang="zh" tags=["hint"]
# `np.allclose(got, numerical, rtol=…, atol=…)` 比较的正是 $|a - n| \le \text{atol} + \text{rtol} \cdot |n|$，注意谁是第二个参数。
# %% [markdown] lang="en" tags=["hint"]
# `np.allclose(got, numerical, rtol=…, atol=…)` compares just $|a - n| \le \text{atol} + \text{rtol} \cdot |n|$; note which one is the second argument.
# %% [markdown] lang="zh" numbers="512"
# ## 2 · 不造雅可比矩阵
# ### 一张太大的表
#
# 从数组到数组的函数，导数是一张表，雅可比矩阵：每个输出一行，每个输入一列。
# log 的表是对角的，一个元素只管自己；softmax 却不是：一个分数变大，*所有*概率都变。
# 1000 个类就是 1000·1000 个数；一批 64 个样本，用 `float64` 存要 512 MB，而输入本身只有半个 MB 左右。
#
# 把表记作 $J$：手里有上游的梯度 $g$（每个输出一个数），要的是 $g^\top J$（每个输入一个数），这就是上一课的向量–雅可比积，简称 VJP。
# 只要推导出这个乘积的公式，反向传播就用不着整张表。
# %% [markdown] lang="en" numbers="512"
# ## 2 · Without the Jacobian
# ### A table that is too large
#
# The derivative of a function from arrays to arrays is a table, the Jacobian: a row for each output, a column for each input.
# For log it is diagonal, since each output depends on its own input only; for softmax it isn't: raise one score, and *all* probabilities change.
# With 1000 classes that is 1000·1000 numbers; for a batch of 64 in `float64` it takes 512 MB, while the input takes about half a MB.
#
# Call the table $J$: backward has the upstream gradient $g$ (one number per output), and wants $g^\top J$ (one number per input), the vector-Jacobian product of the last lesson, VJP for short.
# Work out a formula for this product by hand, and backpropagation never needs the whole table.
# %% [markdown] lang="zh" numbers="1.0 -0.5"
# ### softmax 的 VJP，手算一遍
#
# 输出是 $p_i = e^{x_i} / \sum_k e^{x_k}$。
# 求偏导数 $\partial p_i / \partial x_j$，也就是只拧 $x_j$ 时 $p_i$ 的斜率：分子只在 $i = j$ 时有贡献，分母总有，所以它是 $p_i(\delta_{ij} - p_j)$，其中 $\delta_{ij}$ 在 $i = j$ 时是 1，否则是 0。
# 乘上 $g$，再对 $i$ 求和：
#
# $$\sum_i g_i\, p_i (\delta_{ij} - p_j) = p_j \Bigl(g_j - \sum_i g_i p_i\Bigr)$$
#
# 用话说：每个上游梯度减去它们按 $p$ 加权的平均，再乘自己的概率。
#
# 数字：$p = (0.5, 0.25, 0.25)$，$g = (4, 0, 0)$。
# 加权平均是 $4 \cdot 0.5 = 2$；减去它得 $(2, -2, -2)$；乘 $p$ 得 1.0、-0.5、-0.5。
# 三个数的和是 0：给所有分数加同一个数，什么也不会变。
#
# **读物**：Terence Parr 与 Jeremy Howard，*The Matrix Calculus You Need For Deep Learning*（英文），上一课读到“The Chain Rule”为止；总结之前的两节给一个带 ReLU 的单元和它的平方误差求导。读时想：把 ReLU 换成 softmax，哪一个雅可比矩阵不再是对角的？
# %% [markdown] lang="en" numbers="1.0 -0.5"
# ### The VJP of softmax, once by hand
#
# The outputs are $p_i = e^{x_i} / \sum_k e^{x_k}$.
# Take the partial derivative $\partial p_i / \partial x_j$, the slope of $p_i$ when only $x_j$ is turned: the numerator contributes only if $i = j$, the denominator always, so it is $p_i(\delta_{ij} - p_j)$, where $\delta_{ij}$ is 1 if $i = j$ and else 0.
# Times $g$, summed over $i$:
#
# $$\sum_i g_i\, p_i (\delta_{ij} - p_j) = p_j \Bigl(g_j - \sum_i g_i p_i\Bigr)$$
#
# In words: from each upstream gradient subtract their mean, weighted by $p$, then multiply by its own probability.
#
# In numbers: $p = (0.5, 0.25, 0.25)$, $g = (4, 0, 0)$.
# The weighted mean is $4 \cdot 0.5 = 2$; subtracted, that leaves $(2, -2, -2)$; times $p$, 1.0, -0.5, -0.5.
# Their sum is 0: if you add one number to all scores, nothing changes.
#
# **Reading**: Terence Parr and Jeremy Howard, *The Matrix Calculus You Need For Deep Learning* (in English), which the last lesson read up to “The Chain Rule”: the two sections before its summary differentiate a unit with a ReLU and its squared error. While you read: with softmax in place of the ReLU, which Jacobian isn't diagonal any more?
# %%
if __name__ == "__main__":
    print("the table for 64 rows of 1000 scores:", 64 * 1000 * 1000 * 8 // 10**6, "MB")
    p, g = np.array([0.5, 0.25, 0.25]), np.array([4.0, 0, 0])
    jacobian = np.diag(p) - np.outer(p, p)  # p_i (delta_ij - p_j), for all i and j; made here only to compare
    print("with the table:", g @ jacobian, "  without:", p * (g - (g * p).sum()))


# %% [markdown] lang="zh"
# ### 练习 · softmax 的反向 · 15 分钟
#
# 参数与引擎里的反向函数一样：上游梯度 `grad_out`、前向的结果 `out`、输入 `x`，三者形状相同；softmax 沿最后一个轴，前面可以有任意多个轴（也可以没有）。
# 返回对 `x` 的梯度；上面的数字就是例子。
# - 不许造出雅可比矩阵，一行的也不行：评判时的行很长，内存最多用输入的 30 倍。
# - 用不上的参数不用就是；`out` 总是 `x` 的 softmax。
# %% [markdown] lang="en"
# ### Exercise · softmax, backward · 15 min
#
# The arguments are those of the engine's backward functions: the upstream gradient `grad_out`, the result `out` of the forward pass, and the input `x`, all of one shape; softmax goes along the last axis, with any number of axes in front (or none).
# Return the gradient with respect to `x`; the numbers above are an example.
# - Never make the Jacobian, not even that of one row: you are judged with long rows, and may use 30 times the memory of the input.
# - An argument that you don't need needn't be used; `out` is always the softmax of `x`.
# %% exercise="softmax_back" difficulty=2 importance=4 minutes=15
def softmax_back(
    grad_out: Float[np.ndarray, "*batch n"], out: Float[np.ndarray, "*batch n"], x: Float[np.ndarray, "*batch n"]
) -> Float[np.ndarray, "*batch n"]:
    """The gradient with respect to x of softmax along the last axis."""
    # solution
    return out * (grad_out - (grad_out * out).sum(axis=-1, keepdims=True))


if __name__ == "__main__":
    if tests.test_softmax_back(softmax_back) and tests.test_numerical_gradient(numerical_gradient):
        x, g = np.random.default_rng(0).normal(size=(2, 2, 3))
        numerical = numerical_gradient(lambda x: (g * softmax(x)).sum(), x)
        print("off by at most", f"{np.abs(softmax_back(g, softmax(x), x) - numerical).max():.0e}")


# %% [markdown] lang="zh" tags=["hint"]
# 公式里的和跨哪个轴？结果还要能与 `grad_out` 相减，形状应当是什么？
# %% [markdown] lang="en" tags=["hint"]
# Over which axis does the sum in the formula go? It must be subtracted from `grad_out`: which shape should it have?
# %% [markdown] lang="zh" tags=["hint"]
# `sum(axis=-1, keepdims=True)` 留下长度为 1 的轴，就能广播。
# %% [markdown] lang="en" tags=["hint"]
# `sum(axis=-1, keepdims=True)` leaves an axis of length 1, which broadcasts.
# %% [markdown] lang="zh" numbers="1.0 -1.0 2.0"
# ### 层归一化：两个方向消失了
#
# 层归一化（`part2_cnns` 里写过）把每一行减去均值 $\mu$，除以标准差 $s = \sqrt{\sigma^2 + \varepsilon}$：$\hat x = (x - \mu)/s$；这里的 $\varepsilon$ 是防止除以 0 的小数，代码里叫 `eps`，不是机器精度。
# 难处在于 $\mu$ 和 $s$ 也是 $x$ 的函数：拧一个 $x_j$，整行都动。
# 所以有三条路：直接的，经过 $\mu$ 的，经过 $s$ 的；每条都用链式法则，加起来、化简之后是
#
# $$\frac{1}{s}\Bigl(g - \overline{g} - \hat x\; \overline{g\,\hat x}\Bigr)$$
#
# 用话说（横线是一行的平均）：从 $g$ 中拿掉两个方向，“全体一样”的和“沿 $\hat x$”的，再除以 $s$。
# 为什么正是这两个？给整行加一个数，$\hat x$ 不变；每个数到均值的距离都加倍，$\hat x$ 也不变（只要 $\varepsilon$ 小得可以不计）。拧输入而输出不动，斜率就是 0，所以梯度在这两个方向上的分量是 0。
#
# 数字：$x = (1, 1, 5, 5)$，$\mu = 3$，$s = 2$，$\hat x = (-1, -1, 1, 1)$；$g = (4, 0, 0, 0)$。
# $\overline{g} = 1$，$\overline{g\,\hat x} = -1$；所以括号里是 $(4 - 1 - 1,\ 0 - 1 - 1,\ 0 - 1 + 1,\ 0 - 1 + 1) = (2, -2, 0, 0)$，除以 2 得 1.0、-1.0、0、0。
# 常见的误解是把 $\mu$ 和 $s$ 当成常数，那样就只剩 $g / s$，第一个数是 2.0；下一格由差商裁决。
# %% [markdown] lang="en" numbers="1.0 -1.0 2.0"
# ### Layer norm: two directions vanish
#
# Layer norm (you wrote it in `part2_cnns`) subtracts from each row its mean $\mu$ and divides by its standard deviation $s = \sqrt{\sigma^2 + \varepsilon}$: $\hat x = (x - \mu)/s$; here $\varepsilon$ is a small number that prevents a division by 0, called `eps` in the code, and not machine epsilon.
# The difficulty is that $\mu$ and $s$ are functions of $x$, too: turn one $x_j$, and the whole row moves.
# So there are three paths, the direct one, one through $\mu$, one through $s$; take the chain rule along each, add, simplify, and you have
#
# $$\frac{1}{s}\Bigl(g - \overline{g} - \hat x\; \overline{g\,\hat x}\Bigr)$$
#
# In words (a bar is the mean of a row): two directions are taken out of $g$, "all the same" and "along $\hat x$", and the rest is divided by $s$.
# Why these two? Add one number to the whole row, and $\hat x$ stays as it is; double each number's distance from the mean, and $\hat x$ stays as well (as long as $\varepsilon$ is small enough to ignore). Where turning the input doesn't move the output the slope is 0, so the gradient's component in these two directions is 0.
#
# In numbers: $x = (1, 1, 5, 5)$, $\mu = 3$, $s = 2$, $\hat x = (-1, -1, 1, 1)$; $g = (4, 0, 0, 0)$.
# $\overline{g} = 1$ and $\overline{g\,\hat x} = -1$; in brackets there is $(4 - 1 - 1,\ 0 - 1 - 1,\ 0 - 1 + 1,\ 0 - 1 + 1) = (2, -2, 0, 0)$, divided by 2 that is 1.0, -1.0, 0, 0.
# A common mistake is to take $\mu$ and $s$ for constants, which leaves only $g / s$, and 2.0 as the first number; the next cell lets the difference quotient decide.
# %% [markdown] lang="zh" tags=["question"] see="layernorm_back"
# 先预测，再运行下一格：一行只有*两个*数、而且相差不小时，不管 $g$ 是什么，对输入的梯度是多少？
# %% [markdown] lang="en" tags=["question"] see="layernorm_back"
# Predict, then run the next cell: if a row has only *two* numbers, clearly different, what is the gradient with respect to the input, whatever $g$ is?
# %% [markdown] lang="zh" tags=["answer"]
# 几乎是 0：两个不同的数，归一化之后总是 $(-1, 1)$ 或 $(1, -1)$，只留下谁大谁小。
# 两维里拿掉两个方向，什么也不剩。
# 因为有 $\varepsilon$，它不正好是 0；两个数若相等，或相差不比 $\sqrt\varepsilon$ 大多少，$\varepsilon$ 就不能忽略，梯度反而可能很大：把两个数拧开一点点，$\hat x$ 就变很多。
# %% [markdown] lang="en" tags=["answer"]
# Almost 0: two different numbers, normalised, are always $(-1, 1)$ or $(1, -1)$, and only tell which is larger.
# Take two directions out of two dimensions, and nothing is left.
# Because of $\varepsilon$ it isn't exactly 0. If the two are equal, or differ by not much more than $\sqrt\varepsilon$, $\varepsilon$ can't be ignored and the gradient may even be large: move the two apart a little, and $\hat x$ changes a lot.
# %%
def layernorm(x: Float[np.ndarray, "*batch n"], eps: float = 1e-5) -> Float[np.ndarray, "*batch n"]:
    """Each row minus its mean, divided by its standard deviation; no weight and no bias."""
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)


if __name__ == "__main__":
    if tests.test_numerical_gradient(numerical_gradient):
        g = np.array([4.0, 0, 0, 0])
        slope = numerical_gradient(lambda x: (g * layernorm(x)).sum(), np.array([1.0, 1, 5, 5]))
        print("quotient:", slope.round(3) + 0.0, "  mean and deviation taken for constants:", g / 2)
        slope = numerical_gradient(lambda x: (g[:2] * layernorm(x)).sum(), np.array([1.0, 5]))
        print("two numbers in a row:", slope.round(3) + 0.0)


# %% [markdown] lang="zh"
# ### 练习 · 层归一化的反向 · 20 分钟
#
# 最初的 Transformer 和 GPT-2 的每一层里都有它（后来的模型有的改用相近的归一化）。返回对 `x` 的梯度；上面的数字就是例子。
# - 求方差时除以 $n$，不是 $n - 1$；`eps` 在根号里面。`out` 总是 `layernorm(x, eps)`，`eps` 可以很大，例如 0.5，公式照样准确。
# - 前面可以有任意多个轴，也可以没有；不许造出雅可比矩阵：内存最多用输入的 30 倍。
# %% [markdown] lang="en"
# ### Exercise · layer norm, backward · 20 min
#
# Every layer of the original transformer and of GPT-2 has it inside (some later models use a similar normalisation). Return the gradient with respect to `x`; the numbers above are an example.
# - For the variance divide by $n$, not $n - 1$; `eps` stands under the root. `out` is always `layernorm(x, eps)`; `eps` may be as large as 0.5, and the formula is still exact.
# - There may be any number of axes in front, or none; never make the Jacobian: you may use 30 times the memory of the input.
# %% exercise="layernorm_back" difficulty=3 importance=3 minutes=20
def layernorm_back(
    grad_out: Float[np.ndarray, "*batch n"],
    out: Float[np.ndarray, "*batch n"],
    x: Float[np.ndarray, "*batch n"],
    eps: float = 1e-5,
) -> Float[np.ndarray, "*batch n"]:
    """The gradient with respect to x of `layernorm(x, eps)`."""
    # solution
    direct = grad_out - grad_out.mean(axis=-1, keepdims=True)
    through_deviation = out * (grad_out * out).mean(axis=-1, keepdims=True)
    return (direct - through_deviation) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)


if __name__ == "__main__":
    if tests.test_layernorm_back(layernorm_back) and tests.test_numerical_gradient(numerical_gradient):
        x, g = np.random.default_rng(1).normal(size=(2, 2, 5))
        numerical = numerical_gradient(lambda x: (g * layernorm(x)).sum(), x)
        print("off by at most", f"{np.abs(layernorm_back(g, layernorm(x), x) - numerical).max():.0e}")


# %% [markdown] lang="zh" tags=["hint"]
# 公式里的 $\hat x$ 已经算好了：它是哪一个参数？
# %% [markdown] lang="en" tags=["hint"]
# The $\hat x$ of the formula has been computed already: which argument is it?
# %% [markdown] lang="zh" tags=["hint"]
# 两个平均都沿最后一个轴，用 `keepdims=True`；`x` 只用来求 $s$。
# %% [markdown] lang="en" tags=["hint"]
# Both means go along the last axis, with `keepdims=True`; `x` is only needed for $s$.
# %% [markdown] lang="zh" numbers="0.125 -0.75 0.625"
# ### 天生一对：softmax 与交叉熵
#
# 分类的损失是交叉熵：正确类别的概率的负对数，$-\ln p_y$。
# 它对概率的梯度只有一项不是 0：在 $y$ 处是 $-1/p_y$；$p_y$ 很小时，这个数大得吓人。
# 把它当作 $g$ 代入 softmax 的 VJP：加权平均是 $-\frac{1}{p_y} \cdot p_y = -1$，所以在 $j$ 处是 $p_j(g_j + 1)$：
# - $j \ne y$：$p_j (0 + 1) = p_j$；
# - $j = y$：$p_y (-\frac{1}{p_y} + 1) = p_y - 1$。
#
# 合起来就是 $p - y$，$y$ 写成独热向量：预测减答案，不用造表，也不用除以 $p_y$。
# 数字：$p = (0.125, 0.25, 0.625)$，正确的是第 1 类（从 0 数），得到 0.125、-0.75、0.625；`part0_tensors` 里 torch 给的正是这三个数。
#
# 为什么要两步合成一步？不只是省事。
# 正确类的分数若比最大的低 800，$p_y$ 在浮点数里就是 0：$-1/p_y$ 是无穷大，乘 0 得 NaN。合成一步就不除以 $p_y$，$y$ 处的结果是 $0 - 1 = -1$，这才对。
# 所以 torch 的 `cross_entropy` 收的是分数，不是概率。
# %% [markdown] lang="en" numbers="0.125 -0.75 0.625"
# ### Made for each other: softmax and cross-entropy
#
# A classifier's loss is cross-entropy: minus the log of the probability of the true class, $-\ln p_y$.
# Its gradient with respect to the probabilities has one entry that isn't 0, namely $-1/p_y$ at $y$; where $p_y$ is small, this number is huge.
# Put it as $g$ into the VJP of softmax: the weighted mean is $-\frac{1}{p_y} \cdot p_y = -1$, and so at $j$ there is $p_j(g_j + 1)$:
# - $j \ne y$: $p_j (0 + 1) = p_j$;
# - $j = y$: $p_y (-\frac{1}{p_y} + 1) = p_y - 1$.
#
# Together that is $p - y$, with $y$ as a one-hot vector: prediction minus answer, without a table, and without dividing by $p_y$.
# In numbers: $p = (0.125, 0.25, 0.625)$ with class 1 true (counted from 0) gives 0.125, -0.75, 0.625, just what torch gave in `part0_tensors`.
#
# Why make one step of the two? Not only for convenience.
# If the true class's score is 800 below the largest, $p_y$ is 0 in floating point: $-1/p_y$ is infinite, and times 0 it is NaN. In one step nothing is divided by $p_y$, and at $y$ the result is $0 - 1 = -1$, as it should be.
# That is why torch's `cross_entropy` takes scores, not probabilities.
# %%
if __name__ == "__main__":
    for scores in (np.log([1.0, 2, 5]), np.array([0.0, -800, 0])):
        p, y = softmax(scores), np.array([0.0, 1, 0])
        with np.errstate(all="ignore"):  # no warnings inside: a division by 0 is what we want to see
            g = np.where(y == 1, -1 / p, 0)
            two_steps = p * (g - (g * p).sum())
        print("in two steps:", two_steps, "  in one:", p - y)


# %% [markdown] lang="zh"
# ### 练习 · 交叉熵的反向 · 10 分钟
#
# 损失是一批样本的*平均*交叉熵；返回它对分数的梯度，形状与 `logits` 相同。
# 例如两行都是 $(0, \ln 3)$，正确的类是 1 和 0：概率都是 $(0.25, 0.75)$，结果是 `[[0.125, -0.125], [-0.375, 0.375]]`。
# - `labels` 里是类的序号，`int64` 或 `int32`。
# - 分数大到一千也要准，没有 NaN，没有警告（按 NumPy 的默认设置，下溢成 0 不算）。
# %% [markdown] lang="en"
# ### Exercise · cross-entropy, backward · 10 min
#
# The loss is the *mean* cross-entropy of a batch; return its gradient with respect to the scores, in the shape of `logits`.
# For example, two rows $(0, \ln 3)$ with true classes 1 and 0: the probabilities are $(0.25, 0.75)$ both times, and the result is `[[0.125, -0.125], [-0.375, 0.375]]`.
# - `labels` holds the index of each true class, in `int64` or `int32`.
# - It must be accurate even where scores are a thousand, without NaN and without a warning (with NumPy's default settings, under which an underflow to 0 gives none).
# %% exercise="cross_entropy_back" difficulty=2 importance=5 minutes=10
def cross_entropy_back(
    logits: Float[np.ndarray, "batch n"], labels: Int[np.ndarray, " batch"]
) -> Float[np.ndarray, "batch n"]:
    """The gradient with respect to the logits of the mean cross-entropy."""
    # solution
    gradient = softmax(logits)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


if __name__ == "__main__":
    if tests.test_cross_entropy_back(cross_entropy_back):
        print(cross_entropy_back(np.log([[1.0, 3], [1, 3]]), np.array([1, 0])))


# %% [markdown] lang="zh" tags=["hint"]
# 每一行：哪一个位置要减 1？平均又把每个样本的梯度变成了几分之一？
# %% [markdown] lang="en" tags=["hint"]
# In each row, at which place is 1 subtracted? And what does the mean make of each example's gradient?
# %% [markdown] lang="zh" tags=["hint"]
# 用两个索引数组 `[rows, labels]`（行号和标签），一次取到每行各一个位置；上面的 `softmax` 可以用。
# %% [markdown] lang="en" tags=["hint"]
# Two index arrays, `[rows, labels]`, reach one place in each row at once; `softmax` above may be used.
# %% [markdown] lang="zh" tags=["question"] see="cross_entropy_back"
# 这一节的三个公式，梯度沿一行相加都是 0。各自的原因是什么？怎样用它当一道不用差商的检验？
# %% [markdown] lang="en" tags=["question"] see="cross_entropy_back"
# In all three formulas of this section the gradients of a row sum to 0. What is the reason in each case, and how does it serve as a check without quotients?
# %% [markdown] lang="zh" tags=["answer"]
# 三个函数都不理会“整行加同一个数”：softmax 约掉它，层归一化减掉它，交叉熵建在 softmax 上。
# 沿这个方向输出不变，所以沿它的斜率是 0，而这个斜率正是梯度之和。
# 所以打印 `gradient.sum(axis=-1)`：离 0 超过舍入误差，就有错；是 0 还不能证明对，因为只把 $g$ 减去平均也能做到。
# %% [markdown] lang="en" tags=["answer"]
# All three functions ignore a number added to the whole row: softmax cancels it, layer norm subtracts it, cross-entropy is built on softmax.
# In this direction the output doesn't change, so the slope along it is 0, and this slope is just the sum of the gradient.
# Print `gradient.sum(axis=-1)`: if it is further from 0 than rounding explains, there is an error; if it is 0, that proves nothing yet, because subtracting the mean from $g$ has the same effect.
# %% [markdown] lang="zh"
# ## 3 · 引擎上的网络
# ### 要训练的是哪些数
#
# 引擎会求梯度，可是它不知道哪些张量该由训练来改。
# `requires_grad` 说的是“要它的梯度”，不是“改它”：做梯度检验时，输入也要梯度，却没有人要训练输入。
# 所以要一个记号：`Parameter` 是一种 `Tensor`，它的意思是“训练改的就是我”。
# 它其余的一切都与 `Tensor` 相同，所以一行就够：继承，只把 `requires_grad` 的默认值换成 `True`。
# %% [markdown] lang="en"
# ## 3 · A network on the engine
# ### Which numbers are to be trained
#
# The engine finds gradients, but it doesn't know which tensors training should change.
# `requires_grad` says "its gradient is wanted", not "change it": in a gradient check inputs want gradients, too, and nobody trains them.
# So a mark is needed: a `Parameter` is a `Tensor` that says "I am what training changes".
# In all else it is a `Tensor`, so one line will do: inherit, and only let `requires_grad` be `True` by default.
# %% [markdown] lang="zh"
# ### 练习 · 参数 · 5 分钟
#
# `Parameter(array)` 是要梯度的 `Tensor`；`Parameter(array, requires_grad=False)` 是冻结的参数。
# 数组本身放进去，不拷贝，dtype 不变：`array` 以后就地改了，参数也跟着变。例如 `p = Parameter(np.ones(3))`，`(p * 2).sum().backward()` 之后，`p.grad.array` 是 `[2, 2, 2]`。
# 由参数算出来的结果是普通的 `Tensor`，不是 `Parameter`：引擎已经保证了这一点。
# %% [markdown] lang="en"
# ### Exercise · a parameter · 5 min
#
# `Parameter(array)` is a `Tensor` that wants gradients; `Parameter(array, requires_grad=False)` is a frozen one.
# The array itself goes in, no copy, its dtype kept: when `array` is changed in place later, so is the parameter. For example, after `p = Parameter(np.ones(3))` and `(p * 2).sum().backward()`, `p.grad.array` is `[2, 2, 2]`.
# What is computed from parameters is a plain `Tensor` and no `Parameter`: the engine sees to that already.
# %% exercise="Parameter" difficulty=1 importance=4 minutes=5
class Parameter(Tensor):
    """A Tensor that training changes."""

    def __init__(self, array: Any, requires_grad: bool = True) -> None:
        # solution
        super().__init__(array, requires_grad)


if __name__ == "__main__":
    tests.test_Parameter(Parameter)


# %% [markdown] lang="zh" tags=["hint"]
# 父类的 `__init__` 做什么，就让它做：`super()` 找得到它。
# %% [markdown] lang="en" tags=["hint"]
# Let the parent's `__init__` do what it does: `super()` finds it.
# %% [markdown] lang="zh"
# ### 模块：把参数找齐
#
# 一个网络由层组成，层里又有层，参数散在各处；优化器却只要一张清单。
# PyTorch 的 `nn.Module` 在*赋值的那一刻*登记（`part2_cnns`）；你的可以这样做，也可以等到有人问 `parameters()` 时再看：对象自己的属性都在 `vars(self)` 里，那是一个字典。
#
# 有三种情形会出错，先想清楚：
# - 同一个参数用在两处（共享）：清单上只能有一次，否则优化器会让它走两步。
# - 模块互相指着：子模块记着父模块，`self.parent = parent`；一层层往里找，就会永远绕圈。
# - 属性换了新的，或者删掉了：旧的不能还留在清单上。
# %% [markdown] lang="en"
# ### Modules: finding all parameters
#
# A network is made of layers, with layers inside, and parameters all over the place; an optimiser wants one list.
# PyTorch's `nn.Module` registers them *the moment they are assigned* (`part2_cnns`); yours may do the same, or look when somebody asks for `parameters()`: an object's own attributes are all in `vars(self)`, a dictionary.
#
# Three cases go wrong; think of them first:
# - One parameter is used in two places (shared): it must be on the list once, or an optimiser makes two steps with it.
# - Modules point at each other: a submodule remembers its parent, `self.parent = parent`; a search that goes into every submodule goes round for ever.
# - An attribute gets a new value, or is deleted: the old one must not stay on the list.
# %% [markdown] lang="zh"
# ### 练习 · 模块 · 20 分钟
#
# 写 `Module`，让子类这样用：`__init__` 里先 `super().__init__()`，再给属性赋参数和子模块；`forward` 写计算；`model(x)` 是 Python 对 `model.__call__(x)` 的简写，它把参数原样传给 `forward`，再返回得到的结果。你的 `__init__` 也许没有事可做，那就写 `pass`。
# `parameters()` 给出它和所有子模块（多深都算）的参数，列表或迭代器都可以，顺序不限；评判时不超过一百层，用递归也行。
# 例如属性 `w` 是参数、`first` 和 `second` 是各有一个参数的子模块，就给出三个。
# - 每个参数只给一次，按*对象*算：两个参数里的数组相等，甚至是同一个数组，仍是两个参数。
# - 模块之间绕成圈时，不管圈多大，也要能停下来，给出结果。
# - 只算对象自己*现在的*属性：换掉的、删掉的（`del`）、换成 `None` 的不算；写在类里的属性不判。
# - 普通的 `Tensor`（哪怕要梯度）、数组、列表（元组、字典）里的参数或模块，都不算；冻结的参数算。
# - 参数和模块存进属性以后，读出来的还是同一个对象。
# %% [markdown] lang="en"
# ### Exercise · a module · 20 min
#
# Write `Module` so that subclasses use it like this: `__init__` begins with `super().__init__()` and assigns parameters and submodules to attributes; `forward` holds the computation; `model(x)`, Python's short form of `model.__call__(x)`, passes all its arguments on to `forward`, and returns the result. Your `__init__` may have nothing to do; then write `pass`.
# `parameters()` gives its own parameters and those of all submodules, however deep, as a list or an iterator, in any order; you are judged with a hundred levels at most, so recursion will do.
# For example, if the attribute `w` is a parameter and `first` and `second` are submodules with one each, it gives three.
# - Each parameter is given once, by *object*: two parameters with equal arrays, or even with one and the same, are still two.
# - Where modules point at each other in a circle, however large, it still comes to an end.
# - Only the object's own attributes *as they are now* count: not what was replaced, deleted (`del`), or set to `None`; attributes of the class aren't judged.
# - A plain `Tensor` (even one that wants gradients), an array, and a parameter or module inside a list (tuple, dictionary) don't count; a frozen parameter does.
# - Once stored in an attribute, a parameter or module comes back as the same object.
# %% exercise="Module" difficulty=3 importance=5 minutes=20
class Module:
    """A function that carries its parameters: subclasses write `forward`."""

    forward: Callable[..., Any]  # for type checkers: a subclass has it

    def __init__(self) -> None:
        # solution
        super().__init__()  # nothing to prepare: the attributes themselves are the register

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # solution
        return self.forward(*args, **kwargs)

    def parameters(self) -> Iterable[Parameter]:
        """Each parameter of this module and of all inside it, once."""
        # solution
        found, modules, waiting = {}, set(), [self]
        while waiting:
            module = waiting.pop()
            modules.add(module)
            inside = list(vars(module).values())
            found |= {id(value): value for value in inside if isinstance(value, Parameter)}
            waiting += [value for value in inside if isinstance(value, Module) and value not in modules]
        return list(found.values())


if __name__ == "__main__":
    if tests.test_Module(Module):
        model: Any = Module()
        inner: Any = Module()
        model.w, model.inner = Parameter(np.ones(2)), inner
        inner.parent, inner.again = model, model.w  # a circle, and a shared parameter
        print(len(list(model.parameters())), "parameter")


# %% [markdown] lang="zh" tags=["hint"]
# 谁是参数、谁是模块，`isinstance` 会告诉你；“已经看过的”要记下来，记的是模块还是参数？
# %% [markdown] lang="en" tags=["hint"]
# `isinstance` tells what is a parameter and what is a module; you must note what you have seen: modules, parameters, or both?
# %% [markdown] lang="zh" tags=["hint"]
# 一个待看的模块列表，从 `self` 开始：取出一个，收下它的参数，把没看过的子模块添进去。用 `id(value)` 当键，就是按对象算。
# %% [markdown] lang="en" tags=["hint"]
# Keep a list of modules to look at, beginning with `self`: take one, collect its parameters, add the submodules not seen yet. With `id(value)` as the key, it goes by object.
# %% [markdown] lang="zh"
# ### 练习 · 线性层 · 10 分钟
# `Linear(3, 2, rng)` 有参数 `weight`（形状 `d_out d_in`，这里 2×3）和 `bias`（`d_out`），算 $xW^\top + b$。
# 例如权重的两行是 $(1, 0, 2)$ 和 $(0, 1, 0)$，偏置是 $(10, 20)$，那么 $x = (1, 2, 3)$ 给出 $(17, 22)$。
# - `x` 是形状 `batch d_in` 的 `Tensor`，结果是 `batch d_out`。
# - 开始时权重和偏置（偏置也要）的每个元素各自从 $[-1/\sqrt{d_\text{in}},\ 1/\sqrt{d_\text{in}}]$ 均匀抽取，用给你的 `rng`（NumPy 的随机数发生器，例如 `rng.uniform(low, high, size)`）：种子相同，抽到的就相同；先抽哪个不限。为什么这么小？64 个互不相干的输入加权求和，权重的标准差若是 1，和的标准差约为 $\sqrt{64} = 8$（输入的均值是 0、方差是 1）：分数这么散，softmax 一开始就十分肯定，而且多半是错的，损失约 12.5，而不是 $\ln 10 \approx 2.3$。
# - `bias=False` 时没有偏置，`layer.bias` 是 `None`。
# - `forward` 每次都用当时的 `weight` 和 `bias`：它们可能被换成 `float32` 的。
# %% [markdown] lang="en"
# ### Exercise · the linear layer · 10 min
# `Linear(3, 2, rng)` has the parameters `weight` (shape `d_out d_in`, here 2×3) and `bias` (`d_out`), and computes $xW^\top + b$.
# For example, with the rows $(1, 0, 2)$ and $(0, 1, 0)$ and the bias $(10, 20)$, $x = (1, 2, 3)$ gives $(17, 22)$.
# - `x` is a `Tensor` of shape `batch d_in`, the result is `batch d_out`.
# - At first each entry of the weight, and of the bias too, is drawn on its own, uniformly from $[-1/\sqrt{d_\text{in}},\ 1/\sqrt{d_\text{in}}]$, with the `rng` that you are given (a NumPy generator; `rng.uniform(low, high, size)`, say): the same seed draws the same numbers; the order of drawing is free. Why so small? With weights of standard deviation 1, a sum over 64 independent inputs of mean 0 and variance 1 has a standard deviation of about $\sqrt{64} = 8$: with scores so far apart softmax begins very sure and mostly wrong, at a loss of about 12.5, and not $\ln 10 \approx 2.3$.
# - With `bias=False` there is none, and `layer.bias` is `None`.
# - `forward` uses `weight` and `bias` as they are at that moment: they may have been replaced by `float32` ones.
# %% exercise="Linear" difficulty=2 importance=5 minutes=10
class Linear(Module):
    """Each output is a weighted sum of all inputs, plus a bias."""

    def __init__(self, d_in: int, d_out: int, rng: np.random.Generator, bias: bool = True) -> None:
        super().__init__()
        # solution
        bound = 1 / np.sqrt(d_in)
        self.weight = Parameter(rng.uniform(-bound, bound, (d_out, d_in)))
        self.bias = Parameter(rng.uniform(-bound, bound, d_out)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        # solution
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias


if __name__ == "__main__":
    if tests.test_Linear(Linear) and tests.test_gradcheck(gradcheck):
        layer, x = Linear(3, 2, np.random.default_rng(0)), np.random.default_rng(1).normal(size=(4, 3))
        print("checked:", gradcheck(lambda x: layer(x), [x]))


# %% [markdown] lang="zh" tags=["hint"]
# `weight` 的行是输出，`x` 的列是输入：相乘之前，哪一个要转置？
# %% [markdown] lang="en" tags=["hint"]
# The rows of `weight` are outputs, the columns of `x` are inputs: which of them is transposed before the product?
# %% [markdown] lang="zh" tags=["hint"]
# `x @ self.weight.T`；偏置靠广播加上去，它的反向（沿批次求和）引擎已经会了。
# %% [markdown] lang="en" tags=["hint"]
# `x @ self.weight.T`; the bias is added by broadcasting, whose backward (a sum over the batch) the engine knows.
# %% [markdown] lang="zh"
# ### 练习 · ReLU · 3 分钟
#
# 没有参数的模块：负的变成 0，正的不变，例如 $(-1, 0, 2)$ 变成 $(0, 0, 2)$。引擎有 `x.relu()`，可以用；恰好在 0 处的梯度不判。
# %% [markdown] lang="en"
# ### Exercise · ReLU · 3 min
#
# A module without parameters: what is negative becomes 0, the rest stays; $(-1, 0, 2)$ becomes $(0, 0, 2)$. The engine has `x.relu()`, which you may use; the gradient at exactly 0 isn't judged.
# %% exercise="ReLU" difficulty=1 importance=3 minutes=3
class ReLU(Module):
    """What is negative becomes 0."""

    def forward(self, x: Tensor) -> Tensor:
        # solution
        return x.relu()


if __name__ == "__main__":
    tests.test_ReLU(ReLU)


# %% [markdown] lang="zh" tags=["hint"]
# 一行：引擎已经会了。
# %% [markdown] lang="en" tags=["hint"]
# One line: the engine knows how.
# %% [markdown] lang="zh"
# ### 练习 · 多层感知机 · 10 分钟
#
# `MLP([64, 32, 10], rng)` 是 `Linear(64, 32)`、ReLU、`Linear(32, 10)`；列表可以更长，也可以只有两个数（一个线性层，没有 ReLU）。
# - 最后一层之后*没有* ReLU：分数可以是负的。中间的却不能省：没有它，$W_2(W_1 x + b_1) + b_2 = (W_2 W_1)x + (W_2 b_1 + b_2)$，还是一个线性层，隐藏层多宽都没有用（`part2_cnns`）。
# - `parameters()` 要找得到所有的层，而列表里的不算，这是你自己定的规矩。所以把层存成属性；名字在运行时才知道的，用 `setattr(self, f"layer{i}", layer)` 存，用 `getattr(self, f"layer{i}")` 取。
# - 各层用同一个 `rng` 依次抽取。
# - 为什么不全从 0 开始？那样隐藏层给出 0，往回送的梯度也要乘 0，只有最后的偏置在学。全取同一个别的数也不行：隐藏层的单元彼此一样，收到的梯度也一样，就永远一样（`part2_cnns`）。第 6 节的模型没有隐藏层，才可以从 0 开始。
# - 从第一批的损失就能看出毛病：十类瞎猜是 $\ln 10 \approx 2.30$；一上来就是 15，是权重或输入太大，十分肯定地猜错；一直停在 2.30，是网络一直在瞎猜：梯度没有送到权重、是 0，或者步子没有走、小得看不出。
# - 偏置却可以全从 0 开始：偏置的梯度就是这个单元收到的梯度，不乘偏置自己，而随机的权重已经让各单元收到的不同。
# %% [markdown] lang="en"
# ### Exercise · a multilayer perceptron · 10 min
#
# `MLP([64, 32, 10], rng)` is `Linear(64, 32)`, ReLU, `Linear(32, 10)`; the list may be longer, or hold two numbers only (one linear layer, no ReLU).
# - There is *no* ReLU after the last layer: scores may be negative. Those in between are needed: without them, $W_2(W_1 x + b_1) + b_2 = (W_2 W_1)x + (W_2 b_1 + b_2)$, one linear layer again, however wide the hidden one (`part2_cnns`).
# - `parameters()` has to find all layers, and what is in a list doesn't count: that is your own rule. So store layers as attributes; a name that is known only at run time is set by `setattr(self, f"layer{i}", layer)`, and read by `getattr(self, f"layer{i}")`.
# - All layers draw from the same `rng`, one after another.
# - Why not start with 0 everywhere? The hidden layers would give 0, the gradients on their way back would be multiplied by 0, too, and only the last bias would learn. Any other number, the same everywhere, won't do either: the units of a hidden layer are equal, get equal gradients, and so stay equal (`part2_cnns`). The model of section 6 has no hidden layer, so it may start at 0.
# - The first losses tell what is wrong: guessing among ten classes costs $\ln 10 \approx 2.30$; 15 at once says that weights or inputs are too large, so that wrong guesses are very sure; a loss that stays at 2.30 says that the net goes on guessing: gradients are 0, or don't arrive at the weights, or no step is taken, or one too small to be seen.
# - Biases, however, may all begin at 0: a bias's gradient is the gradient that arrives at its unit, not multiplied by the bias itself, and random weights make that differ from unit to unit.
# %% exercise="MLP" difficulty=2 importance=4 minutes=10
class MLP(Module):
    """Linear layers of these sizes, with a ReLU between any two."""

    def __init__(self, sizes: Sequence[int], rng: np.random.Generator) -> None:
        super().__init__()
        # solution
        self.relu, self.depth = ReLU(), len(sizes) - 1
        for i in range(self.depth):
            setattr(self, f"layer{i}", Linear(sizes[i], sizes[i + 1], rng))

    def forward(self, x: Tensor) -> Tensor:
        # solution
        for i in range(self.depth):
            x = getattr(self, f"layer{i}")(self.relu(x) if i else x)
        return x


if __name__ == "__main__":
    if tests.test_MLP(MLP):
        shapes = [p.shape for p in MLP([64, 32, 10], np.random.default_rng(0)).parameters()]
        print(shapes, "together", sum(int(np.prod(shape)) for shape in shapes), "numbers")


# %% [markdown] lang="zh" tags=["hint"]
# `zip(sizes, sizes[1:])` 给出每一层的大小。哪一层之前没有 ReLU？
# %% [markdown] lang="en" tags=["hint"]
# `zip(sizes, sizes[1:])` gives the sizes of each layer. Before which layer is there no ReLU?
# %% [markdown] lang="zh" tags=["hint"]
# 造的时候用 `setattr`，前向时用 `getattr` 按同样的名字取出；想另存一个列表供 `forward` 用也行，只要同时也是属性，就找得到。
# %% [markdown] lang="en" tags=["hint"]
# Use `setattr` when you make the layers, and `getattr` with the same names in the forward pass; you may also keep a list for `forward`: a layer that is an attribute as well is found.
# %% [markdown] lang="zh" tags=["question"] see="Module"
# 如果 MLP 里的层只放在列表里，训练时会看到什么：报错、损失是 NaN，还是别的？
# %% [markdown] lang="en" tags=["question"] see="Module"
# If the MLP kept its layers in a list only, what would you see in training: an error, a loss of NaN, or something else?
# %% [markdown] lang="zh" tags=["answer"]
# 什么错误也没有：前向正确，`backward` 也把梯度放进了每一层，只是优化器的清单是空的，一步也不走。
# 各批的损失有高有低，每一轮的平均却几乎一样，停在 $\ln 10 \approx 2.3$ 附近。
# 所以 PyTorch 的优化器收到空的参数列表会报错；一列层要写成 `nn.ModuleList`。
# %% [markdown] lang="en" tags=["answer"]
# No error at all: the forward pass is right, `backward` puts gradients into every layer, but the optimiser's list is empty, and it makes no step.
# Losses differ from batch to batch, but their mean is almost the same in every epoch, near $\ln 10 \approx 2.3$.
# That is why PyTorch's optimisers raise an error for an empty list, and lists of layers are written as `nn.ModuleList`.
# %% [markdown] lang="zh"
# ### 练习 · 引擎里的交叉熵 · 15 分钟
#
# 第 2 节手写了它的反向；这里只写前向，用引擎的运算，反向由引擎负责；两种办法的梯度应当相等。
# 输入是一批分数 `logits`（`Tensor`，形状 `batch n`）和类的序号 `labels`（整数数组）；返回*平均*损失，一个没有轴的 `Tensor`。
# 例如两行都是 $(0, \ln 3)$，类是 1 和 0：$(0.288 + 1.386) / 2 = 0.837$。
# - 分数大到一千也要准，值和梯度都不许有 NaN：$e^{1000}$ 在浮点数里是无穷大，无穷大除以无穷大是 NaN，所以先从每行减去它的最大值。最大值用 `logits.array` 算就行，不经过引擎：整行减去同一个数，损失不变，不求它的导数也对。
# - dtype 不变；`logits` 不要求梯度时也能算。
# %% [markdown] lang="en"
# ### Exercise · cross-entropy on the engine · 15 min
#
# In section 2 you wrote its backward by hand; here you write only the forward pass, with the engine's operations, and leave backward to the engine; the gradients of the two should be equal.
# A batch of scores `logits` (a `Tensor` of shape `batch n`) and class indices `labels` (an array of integers) go in, the *mean* loss comes out: a `Tensor` without axes.
# For example, two rows $(0, \ln 3)$ with the classes 1 and 0 give $(0.288 + 1.386) / 2 = 0.837$.
# - It must be accurate even where scores are a thousand, with no NaN in values or gradients: $e^{1000}$ is infinite in floating point, and infinity over infinity is NaN; so first subtract from each row its maximum. You may compute the maximum from `logits.array`, without the engine: subtracting one number from a whole row doesn't change the loss, so its derivative may be left out.
# - The dtype is kept; it also works if `logits` want no gradient.
# %% exercise="cross_entropy" difficulty=3 importance=5 minutes=15
def cross_entropy(logits: Tensor, labels: Int[np.ndarray, " batch"]) -> Tensor:
    """The mean over the batch of minus the log probability of the true class."""
    # solution
    shifted = logits - logits.array.max(axis=1, keepdims=True)
    log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -log_probabilities[np.arange(len(labels)), labels].sum() / len(labels)


if __name__ == "__main__":
    tests.test_cross_entropy(cross_entropy)


# %% [markdown] lang="zh" tags=["hint"]
# $\ln p_j = x_j - \ln \sum_k e^{x_k}$：引擎会减、`exp`、`sum`、`log`。哪一步会上溢？
# %% [markdown] lang="en" tags=["hint"]
# $\ln p_j = x_j - \ln \sum_k e^{x_k}$: the engine can subtract, `exp`, `sum`, `log`. Which step would overflow?
# %% [markdown] lang="zh" tags=["hint"]
# `sum(dim=1, keepdim=True)` 的结果可以广播；挑出正确的类，用上一课的 `[rows, labels]` 索引。
# %% [markdown] lang="en" tags=["hint"]
# The result of `sum(dim=1, keepdim=True)` broadcasts; the true classes are picked by the index `[rows, labels]`, which the engine differentiates.
# %% [markdown] lang="zh" tags=["hint"]
# 求平均时除以 `len(labels)`，不是除以元素的个数；开头的负号别忘了。
# %% [markdown] lang="en" tags=["hint"]
# For the mean divide by `len(labels)`, not by the number of elements; and remember the minus in front.
# %% [markdown] lang="zh"
# 还可以*教*引擎一个新运算：把整个前向包成*一个*运算，给它登记规则 $p - y$（写在 `once.py` 里）。图上九个节点变成一个，训练大约快两成；`train` 用 `cross_entropy` 或 `at_once` 都行。
# %% [markdown] lang="en"
# The engine can also be *taught*: make *one* operation of the whole forward pass, and register $p - y$ as its rule (in `once.py`). One node in place of nine makes training about a fifth faster; `train` may use `cross_entropy` or `at_once`.
# %%
at_once = once.cross_entropy(wrap_forward_fn, BACK_FUNCS)

if __name__ == "__main__":
    if tests.test_cross_entropy(cross_entropy):
        scores, labels, slopes = np.random.default_rng(0).normal(size=(4, 3)), np.array([2, 0, 0, 1]), []
        for loss in (cross_entropy, at_once):
            leaf = Tensor(scores, requires_grad=True)
            loss(leaf, labels).backward()
            slopes.append(leaf.grad.array)
        print("step by step and at once differ by at most", f"{np.abs(slopes[0] - slopes[1]).max():.0e}")


# %% [markdown] lang="zh"
# ### 不记账的时候
#
# 准确率只用来衡量，不能用来训练：它像台阶，权重拧一点点，它几乎总是不变，斜率几乎处处是 0。所以算准确率时用不着梯度；可是参数要梯度，所以引擎照样记下每一步：`recipe` 里存着每个中间数组，只要结果还在，就都不能释放。
# 引擎有一个总开关：`Tensor.tracking` 是 `False` 时什么也不记。
# 自己拨开关很容易忘了拨回来，出了错更是拨不回来：从那以后 `backward` 什么也不做，却没有人知道为什么。
#
# “进去做一件事，出来*一定*做另一件事”：Python 为此提供了 `with`。
# `with NoGrad():` 进去时调用对象的 `__enter__`，出来时调用 `__exit__`，有错误时也调用；这样的对象叫上下文管理器（context manager）。
# `__exit__` 收到的 `*error` 是 Python 对错误的描述（没有错误就是三个 `None`）；它若返回 `True`（或别的算作真的值），错误就此消失：所以什么也不要返回。
# %% [markdown] lang="en"
# ### When nothing needs noting
#
# Accuracy is for measuring, not for training: it is like a staircase; turn a weight a little, and accuracy almost never changes, so its slope is 0 almost everywhere. To measure it, you need no gradients; but the parameters want them, so the engine notes every step all the same: its `recipe`s hold every array on the way, and none can be freed while the result is there.
# The engine has a switch: while `Tensor.tracking` is `False`, nothing is noted.
# If you turn it by hand, you easily forget to turn it back, and after an error it stays off: from then on `backward` does nothing, and nobody knows why.
#
# For such things ("do this on the way in, and that on the way out *in every case*") Python has `with`.
# `with NoGrad():` calls the object's `__enter__` on the way in and its `__exit__` on the way out, also after an error; such an object is a **context manager**.
# What `__exit__` is given, `*error`, is what Python tells about an error (three times `None` if there was none). If it returns `True` (or any value that counts as true), the error disappears: so return nothing.
# %% [markdown] lang="zh" tags=["question"] see="NoGrad"
# 先预测：一个 `with NoGrad():` 里面调用了一个函数，函数里也有 `with NoGrad():`。从里面的那个出来以后，记录应当开着还是关着？`__exit__` 若总是写 `Tensor.tracking = True`，会怎样？
# %% [markdown] lang="en" tags=["question"] see="NoGrad"
# Predict: inside `with NoGrad():` a function is called that has a `with NoGrad():` of its own. When the inner one is left, should tracking be on or off? And if `__exit__` always says `Tensor.tracking = True`?
# %% [markdown] lang="zh" tags=["answer"]
# 该关着：外面的还没有结束。
# 总是写 `True`，外面余下的部分就悄悄地又记账了；结果还对，内存却涨了，最难发现。
# 所以进去时记下原来的状态，出来时恢复*它*。
# %% [markdown] lang="en" tags=["answer"]
# Off: the outer one hasn't ended.
# With `True` every time, the rest of the outer block notes everything again; results are still right and memory grows, which is hard to notice.
# So on the way in note the state, and on the way out restore *that*.
# %% [markdown] lang="zh"
# ### 练习 · 不求梯度 · 10 分钟
#
# `with NoGrad():` 里面算出的结果没有 `recipe`，也不要求梯度；出来以后，`Tensor.tracking` 与进去之前相同：
# - 嵌套时（里外各造一个 `NoGrad()`），里面的结束后仍然不记；
# - 里面出了错，也要恢复，错误照样传出来；
# - 进去之前本来就关着，出来还是关着；
# - 造出 `NoGrad()` 还不算进去：只有 `with` 才拨开关。
# %% [markdown] lang="en"
# ### Exercise · no gradients · 10 min
#
# What is computed within `with NoGrad():` has no `recipe` and wants no gradient; afterwards `Tensor.tracking` is what it was before:
# - nested (with a `NoGrad()` of its own for each), there is still no tracking once the inner one has ended;
# - after an error inside, tracking is restored, too, and the error comes out as it is;
# - if it was off before, it is off afterwards;
# - making a `NoGrad()` isn't entering it: only `with` turns the switch.
# %% exercise="NoGrad" difficulty=2 importance=4 minutes=10
class NoGrad:
    """`with NoGrad():` nothing is noted for gradients."""

    def __enter__(self) -> None:
        # solution
        self.before = Tensor.tracking
        Tensor.tracking = False

    def __exit__(self, *error: Any) -> None:
        # solution
        Tensor.tracking = self.before


if __name__ == "__main__":
    if tests.test_NoGrad(NoGrad):
        x = Tensor(np.ones(2), requires_grad=True)
        with NoGrad():
            print("inside:", (x * 2).recipe)
        print("outside:", (x * 2).requires_grad)


# %% [markdown] lang="zh" tags=["hint"]
# 要恢复的状态放在哪里，`__exit__` 才找得到？
# %% [markdown] lang="en" tags=["hint"]
# Where do you keep the state to be restored, so that `__exit__` finds it?
# %% [markdown] lang="zh" tags=["hint"]
# `__exit__` 除了 `self` 还收三个参数（错误的类型、错误、回溯），写成 `*error` 就行。
# %% [markdown] lang="en" tags=["hint"]
# Besides `self`, `__exit__` takes three arguments (type of error, error, traceback), which `*error` collects.
# %% [markdown] lang="zh" numbers="0.8 1.0"
# ### 一步：就地
#
# 梯度下降的一步是 $p \leftarrow p - \eta\, g$。
# 照着写成 `p = p - lr * p.grad`，有两处错。
# 第一，`p = …` 只是让*这个变量名*指向一个新张量；模型里的属性仍然指着旧的，模型一步也没走。
# 第二，新张量有 `recipe`，记着旧的：每走一步，图就长一截，内存永远不放。
#
# 所以要改的是参数*里面的数组*，就地改：`p.array -= lr * p.grad.array`。
# 直接动数组不经过引擎，什么也不会记下。
# 数字：$p = 1$，$g = 2$，$\eta = 0.1$，走到 0.8；写成 `p = …`，模型里还是 1.0。
# %% [markdown] lang="en" numbers="0.8 1.0"
# ### One step, in place
#
# A step of gradient descent is $p \leftarrow p - \eta\, g$.
# Written just like that, as `p = p - lr * p.grad`, it is wrong in two ways.
# First, `p = …` only makes *this name* stand for a new tensor; the model's attribute still holds the old one, and the model hasn't moved.
# Second, the new tensor has a `recipe` that remembers the old: with every step the graph grows, and no memory is ever freed.
#
# So what must change is the array *inside* the parameter, in place: `p.array -= lr * p.grad.array`.
# Working on the array bypasses the engine, and nothing is noted.
# In numbers: $p = 1$, $g = 2$, $\eta = 0.1$ lead to 0.8; with `p = …` the model still has 1.0.
# %%
if __name__ == "__main__":
    held = {"weight": Tensor(np.array(1.0), requires_grad=True)}  # a model, in its simplest form
    p = held["weight"]
    (p * 2).backward()
    assert p.grad is not None
    new = p - 0.1 * p.grad  # what `p = p - …` gives the name p
    print("the new p:", new.array, "  the model:", held["weight"].array, "  noted:", new.recipe is not None)
    p.array -= 0.1 * p.grad.array
    print("in place, the model:", held["weight"].array)


# %% [markdown] lang="zh"
# ### 练习 · 随机梯度下降 · 15 分钟
#
# `SGD(parameters, lr)`：`step()` 让每个参数按 $p - \eta g$ 就地走一步，`zero_grad()` 清空每个参数的 `.grad`（设为 `None`）：`backward` 是往 `.grad` 上*加*的，三批都给出 $g$ 而不清空，三步就走 $\eta g$、$2\eta g$、$3\eta g$，共 $6\eta g$，本该是 $3\eta g$。
# 例如参数 $[1, 2]$，梯度 $[10, -10]$，`lr=0.1`：一步之后是 $[0, 3]$。
# - `parameters` 可以是列表，也可以是只能走一遍的迭代器；两个方法都能调用任意多次。
# - `.grad` 是 `None` 的参数留在原处。清单上没有重复的参数，也没有冻结了却还带着 `.grad` 的。
# - 参数里的数组还是同一个对象，dtype 不变；不产生 `recipe`；`.grad` 不许改动。
# - 每一步用当时的 `self.lr`：训练中途可以改。
# - `step()` 之后不自动清空；`zero_grad()` 不动参数的值。
# %% [markdown] lang="en"
# ### Exercise · stochastic gradient descent · 15 min
#
# `SGD(parameters, lr)`: `step()` moves each parameter in place by $p - \eta g$, `zero_grad()` clears each parameter's `.grad` (sets it to `None`): `backward` *adds* to `.grad`, so three batches that each give $g$, never cleared, make steps of $\eta g$, $2\eta g$ and $3\eta g$, together $6\eta g$, where $3\eta g$ is right.
# For example, a parameter $[1, 2]$ with the gradient $[10, -10]$ and `lr=0.1` is $[0, 3]$ after one step.
# - `parameters` may be a list, or an iterator that can be walked only once; both methods can be called any number of times.
# - A parameter whose `.grad` is `None` stays where it is. No parameter is on the list twice, and no frozen one has a `.grad`.
# - The array inside a parameter stays the same object, with its dtype; no `recipe` is made; `.grad` isn't changed.
# - Each step uses `self.lr` as it is then: it may be changed in the middle of training.
# - `step()` doesn't clear; `zero_grad()` leaves the values alone.
# %% exercise="SGD" difficulty=2 importance=5 minutes=15
class SGD:
    """Gradient descent on parameters that it is given once."""

    def __init__(self, parameters: Iterable[Parameter], lr: float) -> None:
        # solution
        self.parameters, self.lr = list(parameters), lr

    def zero_grad(self) -> None:
        # solution
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        # solution
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.array -= self.lr * parameter.grad.array


if __name__ == "__main__":
    tests.test_SGD(SGD)


# %% [markdown] lang="zh" tags=["hint"]
# 迭代器走过一遍就空了：什么时候把它变成列表？
# %% [markdown] lang="en" tags=["hint"]
# An iterator is empty once it has been walked: when do you turn it into a list?
# %% [markdown] lang="zh" tags=["hint"]
# `p.array -= …` 就地改；`p.array = p.array - …` 换上的是一个新数组。
# %% [markdown] lang="en" tags=["hint"]
# `p.array -= …` works in place; `p.array = p.array - …` puts a new array there.
# %% [markdown] lang="zh"
# ### 练习 · 训练 · 15 分钟
#
# 零件齐了，拼成训练循环：`train(model, x, y, lr, epochs, batch_size, rng)`。
# `x` 是数组 `n d`，`y` 是 `n` 个类的序号；每一轮开头用一次 `rng.permutation(n)`（从 0 到 $n - 1$ 的整数，每个一次，顺序随机）重新打乱，每批 `batch_size` 个样本；最后一批可以小一些，但不能丢。
# 每一批依次做四件事：算损失，清空梯度，`backward`，走一步；参数里原来就有的 `.grad`，不许混进第一步。
# 返回每一步的损失（走之前的），每步一个 Python 的 `float`。
# 例如 10 个样本、每批 4 个、2 轮：每轮 3 步，返回 6 个数。
# - `model` 是任何有 `parameters()`、能用形状 `batch d` 的 `Tensor` 调用的东西；`x` 和 `y` 不许改动。
# - 同一行的输入与标签要在一起；每一轮里每个样本恰好用一次；每一轮的顺序不同。
# - 只用 `rng` 打乱：种子相同，结果相同。
# - `batch_size` 不小于 `n` 时，一轮就是一步。
# %% [markdown] lang="en"
# ### Exercise · train · 15 min
#
# All parts are there; put the loop together: `train(model, x, y, lr, epochs, batch_size, rng)`.
# `x` is an array `n d`, `y` holds `n` class indices; every epoch begins with one `rng.permutation(n)` (the integers from 0 to $n - 1$, each once, in random order), which shuffles them anew, and takes `batch_size` examples at a time; the last batch may be smaller, and isn't dropped.
# Each batch does four things in this order: compute the loss, clear gradients, `backward`, make a step; a `.grad` that was there before training must not go into the first step.
# Return the loss of every step (as it was before the step), each a Python `float`.
# For example, 10 examples in batches of 4 for 2 epochs: 3 steps an epoch, so 6 numbers.
# - `model` is anything that has `parameters()` and can be called with a `Tensor` of shape `batch d`; `x` and `y` stay unchanged.
# - An input stays with its label; in each epoch each example is used exactly once; each epoch has an order of its own.
# - Use only `rng` to shuffle: the same seed gives the same result.
# - If `batch_size` is at least `n`, an epoch is one step.
# %% exercise="train" difficulty=3 importance=5 minutes=15
def train(
    model: Any,
    x: Float[np.ndarray, "n d"],
    y: Int[np.ndarray, " n"],
    lr: float,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
) -> list[float]:
    """Trains the model in place by gradient descent on the cross-entropy; the loss before each step."""
    # solution
    optimiser, losses = SGD(model.parameters(), lr), []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            loss = at_once(model(Tensor(x[batch])), y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return losses


def digits(held_out: bool) -> tuple[np.ndarray, np.ndarray]:
    """Scikit-learn's digits, 64 numbers from 0 to 1 each, and what they are; every fifth is held out."""
    pixels, classes = (np.asarray(array) for array in load_digits(return_X_y=True))
    chosen = (np.arange(len(pixels)) % 5 == 0) == held_out
    return pixels[chosen] / 16, classes[chosen]


def accuracy(model: Module, x: np.ndarray, y: np.ndarray) -> float:
    """The share of examples whose largest score is the true class's."""
    with NoGrad():
        return float((model(Tensor(x)).array.argmax(axis=1) == y).mean())


if __name__ == "__main__":
    if tests.test_train(train) and tests.test_MLP(MLP) and tests.test_NoGrad(NoGrad):
        mlp = MLP([64, 32, 10], np.random.default_rng(0))
        losses = train(mlp, *digits(held_out=False), lr=0.5, epochs=20, batch_size=32, rng=np.random.default_rng(1))
        print(
            f"first loss {losses[0]:.2f}, last {losses[-1]:.2f}; held out: {accuracy(mlp, *digits(held_out=True)):.1%}"
        )
        figures.training(losses).show()


# %% [markdown] lang="zh" tags=["hint"]
# 打乱的是序号，不是数组：用同一段序号从 `x` 和 `y` 里各取一批。
# %% [markdown] lang="en" tags=["hint"]
# Shuffle the indices of the rows, not the arrays: the same slice of them takes a batch from `x` and from `y`.
# %% [markdown] lang="zh" tags=["hint"]
# `range(0, len(x), batch_size)` 给出每批的开头；切片越过末尾也没关系，最后一批自然就短。
# %% [markdown] lang="en" tags=["hint"]
# `range(0, len(x), batch_size)` gives the beginning of each batch; a slice may reach beyond the end, and so the last batch is short by itself.
# %% [markdown] lang="zh" tags=["hint"]
# 优化器只造一次，在两个循环之外；`loss.item()` 是一个数，不拖着整张图。
# %% [markdown] lang="en" tags=["hint"]
# Make the optimiser once, outside both loops; `loss.item()` is a number, with no graph attached.
# %% [markdown] lang="zh" tags=["question"] see="train"
# 训练时忘了 `zero_grad()`，损失会怎样变化？把它放在 `backward()` 与 `step()` 之间呢？先说，再改一行试试。
# %% [markdown] lang="en" tags=["question"] see="train"
# What does the loss do if training forgets `zero_grad()`? And if it stands between `backward()` and `step()`? Say it first, then change the line and try.
# %% [markdown] lang="zh" tags=["answer"]
# 忘了：每一步都带着以前所有步的梯度，步子越来越大，也越来越不对；损失先降，后来乱跳。
# 放在中间：`step()` 看到的 `.grad` 都是 `None`，一步也不走，损失总在 2.3 附近。
# 两种都不报错。
# %% [markdown] lang="en" tags=["answer"]
# Without it each step carries the gradients of all steps before; steps become larger and more and more wrong; the loss falls first and then jumps about.
# In between, `step()` finds every `.grad` to be `None` and makes no step, and the loss stays near 2.3.
# Neither raises an error.
# %% [markdown] lang="zh"
# ### torch 做了、我们没有做的
#
# 你的引擎与 torch 算出同样的梯度，结构也一样：带账本的张量、每种运算一个反向函数、拓扑排序。
# 差别在这些地方：
#
# | | torch | 我们的引擎 |
# |---|---|---|
# | 就地改动了反向要用的值 | 每个张量有版本号，`backward` 时报错 | 梯度悄悄地错 |
# | 求导的结果还能再求导 | 可以（`create_graph=True`） | 不行：反向直接算数组 |
# | `backward` 之后 | 释放中间值；第二次要 `retain_graph=True` | 一直留着，直到结果被丢掉 |
# | 在哪里算 | CPU、GPU；`torch.compile` 把小运算合成一个 | CPU；每个运算一个 NumPy 调用 |
# | softmax 与交叉熵 | 两个运算：`log_softmax`（概率的对数）和 `nll_loss`（取正确那类的，变号，求平均） | 约九个运算，反向也走九步（`at_once` 只有一个） |
# | 反向时插手 | 钩子（`register_hook`） | 没有 |
#
# 下面这一格让你看见第一行：改一个数，引擎不知道。
# %% [markdown] lang="en"
# ### What torch does and our engine doesn't
#
# Your engine finds the same gradients as torch, and is built in the same way: tensors with notes, a backward function for each operation, a topological sort.
# The differences are elsewhere:
#
# | | torch | our engine |
# |---|---|---|
# | a value that backward needs is changed in place | each tensor has a version, `backward` raises an error | the gradient is silently wrong |
# | a gradient is differentiated again | yes (`create_graph=True`) | no: backward computes with arrays |
# | after `backward` | values on the way are freed; a second time needs `retain_graph=True` | they stay until the result is dropped |
# | where it computes | CPU, GPU; `torch.compile` fuses small operations into one | CPU; a NumPy call for each operation |
# | softmax and cross-entropy | two operations: `log_softmax` (logs of the probabilities) and `nll_loss` (takes that of the true class, changes its sign, and averages) | about nine operations, and as many steps back (one only for `at_once`) |
# | you may look at a gradient on its way back, or change it | hooks (`register_hook`) | none |
#
# The cell below shows the first row: change a number, and the engine doesn't know.
# %%
if __name__ == "__main__":
    x = Tensor(np.array([3.0]), requires_grad=True)
    y = x * x  # slope 6 at x = 3
    x.array[0] = 100  # between forward and backward
    y.backward()
    assert x.grad is not None
    print("value", y.array, "  slope", x.grad.array, "  it should be", np.array([6.0]))


# %% [markdown] lang="zh"
# ## 4 · 四个公式
# ### 一个单元的误差
#
# 引擎给出了梯度，可是一个*具体的网络*里，梯度是什么样子？
# 每一层先算加权和 $z = W a_{l-1} + b$，再过激活函数，得到激活值 $a = \sigma(z)$；这里的 $\sigma$ 是 sigmoid，$l$ 是层的序号。
#
# 设想有人在某个单元上捣乱：把它的 $z$ 拧大一丁点 $\Delta$，损失就变 $\delta \cdot \Delta$。
# 这个斜率 $\delta = \partial C / \partial z$ 叫这个单元的误差（error），$C$ 是损失。
# $\delta$ 离 0 远，说明这里还有得改；接近 0，说明往哪边拧一点都差不多。
# 有了各层的 $\delta$，别的梯度就容易得到；四个公式说的就是怎样从后往前得到它们（$\odot$ 是逐项相乘；$\nabla_a C$ 是损失对输出的梯度；$L$ 是最后一层）：
#
# | | 公式 | 用话说 |
# |---|---|---|
# | BP1 | $\delta_L = \nabla_a C \odot \sigma'(z_L)$ | 最后一层：损失对输出的斜率，乘激活函数的斜率 |
# | BP2 | $\delta_l = (W_{l+1}^\top \delta_{l+1}) \odot \sigma'(z_l)$ | 后一层的误差沿权重倒着流回来，再乘*这一层*激活函数的斜率 |
# | BP3 | $\partial C / \partial b = \delta_l$ | 偏置直接加在 $z$ 上 |
# | BP4 | $\partial C / \partial W_{jk} = \delta_{l,j}\, a_{l-1,k}$ | 权重的斜率：它通向的单元 $j$（这一层的）的误差，乘它来自的单元 $k$（前一层的）的激活值 |
#
# 每一个都是链式法则的一步。
# BP4 还告诉我们：权重来自的那个激活值接近 0，这个权重就几乎不学；BP1 和 BP2 说：$\sigma'(z)$ 接近 0（单元饱和），它自己的权重就学得慢，经过它传回前面各层的误差也小。
# %% [markdown] lang="en"
# ## 4 · Four equations
# ### The error of a unit
#
# The engine gives gradients; but what do they look like in *one particular network*?
# Each layer first computes weighted sums $z = W a_{l-1} + b$, then passes them through an activation function, which gives the activations $a = \sigma(z)$; here $\sigma$ is the sigmoid, and $l$ the number of the layer.
#
# Imagine that somebody tampers with one unit: its $z$ is turned up by a little $\Delta$, and the loss changes by $\delta \cdot \Delta$.
# This slope, $\delta = \partial C / \partial z$, is called the **error** of the unit; $C$ is the loss.
# A $\delta$ far from 0 says that there is something to be gained here; near 0, a small turn either way makes hardly any difference.
# With the $\delta$ of every layer, the other gradients are easy to get; the four equations say how to get them, from the last layer to the first ($\odot$ multiplies term by term, $\nabla_a C$ is the gradient of the loss with respect to the outputs, $L$ is the last layer):
#
# | | equation | in words |
# |---|---|---|
# | BP1 | $\delta_L = \nabla_a C \odot \sigma'(z_L)$ | last layer: the slope of the loss with respect to the outputs, times the slope of the activation |
# | BP2 | $\delta_l = (W_{l+1}^\top \delta_{l+1}) \odot \sigma'(z_l)$ | the next layer's errors, carried back along the weights, times the slope of *this* layer's activation |
# | BP3 | $\partial C / \partial b = \delta_l$ | a bias is added straight to $z$ |
# | BP4 | $\partial C / \partial W_{jk} = \delta_{l,j}\, a_{l-1,k}$ | a weight's slope: the error of the unit that it leads to ($j$, of this layer) times the activation of the unit that it starts from ($k$, of the layer before) |
#
# Each is one step of the chain rule.
# BP4 also says that a weight hardly learns where the activation that it starts from is near 0; and BP1 and BP2: where $\sigma'(z)$ is near 0 (the unit is saturated), its own weights learn slowly, and little error goes back through it to the layers before.
# %% [markdown] lang="zh" numbers="0.75 -0.25 1.75"
# ### 手算 BP2
#
# 后一层有两个单元，误差 $(3, -1)$；它的权重两行是 $(1, 0, 2)$ 和 $(0, 1, -1)$，所以这一层有三个单元，设它们的 $z$ 都是 0，$\sigma'(0) = 0.25$。
# 第一个单元只通向后一层的第一个，权重 1：$3 \cdot 1 = 3$；第二个：$-1 \cdot 1 = -1$；第三个通向两个：$3 \cdot 2 + (-1)(-1) = 7$，两条路相加。
# 都乘 0.25：误差是 0.75、-0.25、1.75。
#
# 批次里每个样本占一行，所以代码里是 `delta @ weight`，不用转置：行的形状是 `batch d_out`，`weight` 是 `d_out d_in`。
# 损失是各样本之和，所以 BP3 和 BP4 要跨批次求和。
#
# **读物**：Michael Nielsen，*Neural Networks and Deep Learning*（英文，网上免费），第 2 章推导了这四个公式，上面那个捣乱的故事也出自那里。读时想：他在哪一步用到“损失是各样本的平均”？网络里若有批归一化，每个样本的损失还只由它自己决定吗？
# %% [markdown] lang="en" numbers="0.75 -0.25 1.75"
# ### BP2 by hand
#
# The next layer has two units with the errors $(3, -1)$; its weights are the rows $(1, 0, 2)$ and $(0, 1, -1)$, so this layer has three units; let all their $z$ be 0, where $\sigma'(0) = 0.25$.
# The first unit leads to the first of the next layer only, with weight 1: $3 \cdot 1 = 3$; the second: $-1 \cdot 1 = -1$; the third leads to both: $3 \cdot 2 + (-1)(-1) = 7$, the sum of two paths.
# All times 0.25: the errors are 0.75, -0.25, 1.75.
#
# In a batch each example is a row, so in code it is `delta @ weight` without a transpose: the rows have the shape `batch d_out`, and `weight` is `d_out d_in`.
# The loss is a sum over examples, so BP3 and BP4 sum over the batch.
#
# **Reading**: Michael Nielsen, *Neural Networks and Deep Learning* (in English, free on the web), derives the four in chapter 2, and tells the story of the tampering. While you read: at which step does he use that the loss is a mean over examples? With batch norm in the network, does each example's loss still depend on that example alone?
# %%
def sigmoid(z: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """1 / (1 + exp(-z)), for every z."""
    return np.exp(-np.logaddexp(0, -z))  # logaddexp: ln(e^0 + e^-z), without overflow


def sigmoid_prime(z: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The slope of the sigmoid."""
    return sigmoid(z) * sigmoid(-z)


if __name__ == "__main__":
    delta, weight = np.array([[3.0, -1]]), np.array([[1.0, 0, 2], [0, 1, -1]])
    print("back along the weights:", delta @ weight, "  errors:", delta @ weight * sigmoid_prime(np.zeros(3)))


# %% [markdown] lang="zh"
# ### 练习 · BP1 · 5 分钟
#
# 四个公式，每个一行 NumPy，不用引擎；样本占行，`sigmoid_prime` 可以用。
# 输入是损失对最后一层输出的梯度，和这一层的 $z$；返回这一层的误差。例如 `grad_a` 是 `[[8.0]]`、`z` 是 `[[0.0]]`，得 `[[2.0]]`。
# %% [markdown] lang="en"
# ### Exercise · BP1 · 5 min
#
# Four equations, each a line of NumPy, without the engine; examples are rows, and `sigmoid_prime` may be used.
# The gradient of the loss with respect to the last layer's outputs and its $z$ go in, its errors come out; for example, `grad_a` as `[[8.0]]` and `z` as `[[0.0]]` give `[[2.0]]`.
# %% exercise="bp1" difficulty=1 importance=3 minutes=5
def bp1(grad_a: Float[np.ndarray, "batch d"], z: Float[np.ndarray, "batch d"]) -> Float[np.ndarray, "batch d"]:
    """The errors of the last layer."""
    # solution
    return grad_a * sigmoid_prime(z)


if __name__ == "__main__":
    tests.test_bp1(bp1)


# %% [markdown] lang="zh" tags=["hint"]
# 链式法则：两个斜率相乘，逐项。
# %% [markdown] lang="en" tags=["hint"]
# The chain rule: two slopes, multiplied term by term.
# %% [markdown] lang="zh"
# ### 练习 · BP2 · 10 分钟
#
# 输入是后一层的误差和权重、这一层的 $z$；返回这一层的误差。例子就是上面手算的。
# %% [markdown] lang="en"
# ### Exercise · BP2 · 10 min
#
# The next layer's errors and weights and this layer's $z$ go in, this layer's errors come out; the example is the one worked out above.
# %% exercise="bp2" difficulty=2 importance=4 minutes=10
def bp2(
    delta: Float[np.ndarray, "batch d_out"],
    weight: Float[np.ndarray, "d_out d_in"],
    z: Float[np.ndarray, "batch d_in"],
) -> Float[np.ndarray, "batch d_in"]:
    """The errors of a layer, from those of the next one and its weights."""
    # solution
    return delta @ weight * sigmoid_prime(z)


if __name__ == "__main__":
    tests.test_bp2(bp2)


# %% [markdown] lang="zh" tags=["hint"]
# 先看形状：`batch d_out` 与 `d_out d_in` 怎样得到 `batch d_in`？
# %% [markdown] lang="en" tags=["hint"]
# Look at the shapes: how do `batch d_out` and `d_out d_in` make `batch d_in`?
# %% [markdown] lang="zh" tags=["hint"]
# 斜率取在*这一层*的 `z` 上，最后逐项相乘。
# %% [markdown] lang="en" tags=["hint"]
# The slope is taken at the `z` of *this* layer, and multiplied term by term at the end.
# %% [markdown] lang="zh"
# ### 练习 · BP3 · 5 分钟
#
# 偏置的梯度，跨批次求和，不是平均：`[[1.0, 2.0], [3.0, 4.0]]` 得 `[4.0, 6.0]`。
# %% [markdown] lang="en"
# ### Exercise · BP3 · 5 min
#
# The gradient of the biases, summed over the batch, not averaged: `[[1.0, 2.0], [3.0, 4.0]]` gives `[4.0, 6.0]`.
# %% exercise="bp3" difficulty=1 importance=3 minutes=5
def bp3(delta: Float[np.ndarray, "batch d"]) -> Float[np.ndarray, " d"]:
    """The gradient of the biases."""
    # solution
    return delta.sum(axis=0)


if __name__ == "__main__":
    tests.test_bp3(bp3)


# %% [markdown] lang="zh" tags=["hint"]
# 一个偏置加在每个样本上；用了几次，就有几份梯度。
# %% [markdown] lang="en" tags=["hint"]
# A bias is added to every example; each use gives a gradient, and they add up.
# %% [markdown] lang="zh"
# ### 练习 · BP4 · 5 分钟
#
# 输入是前一层的激活值和这一层的误差；返回权重的梯度，形状 `d_out d_in`，跨批次求和。例如 `a` 是 `[[1.0, 2.0]]`、`delta` 是 `[[10.0]]`，得 `[[10.0, 20.0]]`。
# 随后四个公式合起来，与引擎对账。
# %% [markdown] lang="en"
# ### Exercise · BP4 · 5 min
#
# The activations of the layer before and this layer's errors go in, the gradient of the weights comes out, of shape `d_out d_in`, summed over the batch; for example, `a` as `[[1.0, 2.0]]` and `delta` as `[[10.0]]` give `[[10.0, 20.0]]`.
# Afterwards the four together are compared with the engine.
# %% exercise="bp4" difficulty=2 importance=4 minutes=5
def bp4(a: Float[np.ndarray, "batch d_in"], delta: Float[np.ndarray, "batch d_out"]) -> Float[np.ndarray, "d_out d_in"]:
    """The gradient of the weights between two layers."""
    # solution
    return delta.T @ a


def by_four_equations(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> list[np.ndarray]:
    """The gradients of half the squared error of a sigmoid network: weight and bias of each layer, the last first."""
    zs, activations = [], [x]
    for weight, bias in zip(weights, biases, strict=True):
        zs.append(activations[-1] @ weight.T + bias)
        activations.append(sigmoid(zs[-1]))
    delta, found = bp1(activations[-1] - y, zs[-1]), []
    for layer in reversed(range(len(weights))):
        found += [bp4(activations[layer], delta), bp3(delta)]
        if layer:
            delta = bp2(delta, weights[layer], zs[layer - 1])
    return found


if __name__ == "__main__":
    if all([tests.test_bp4(bp4), tests.test_bp1(bp1), tests.test_bp2(bp2), tests.test_bp3(bp3)]):
        rng, sizes = np.random.default_rng(0), [4, 5, 3, 2]
        weights = [rng.normal(size=(d_out, d_in)) for d_in, d_out in zip(sizes, sizes[1:], strict=False)]
        biases, x, y = [rng.normal(size=d) for d in sizes[1:]], rng.normal(size=(6, 4)), rng.uniform(size=(6, 2))
        leaves = [Tensor(array, requires_grad=True) for pair in zip(weights, biases, strict=True) for array in pair]
        a: Any = Tensor(x)
        for weight, bias in zip(leaves[::2], leaves[1::2], strict=True):  # every other one
            a = 1 / (1 + (-(a @ weight.T + bias)).exp())  # a sigmoid, of the engine's own operations
        ((a - y) * (a - y) * 0.5).sum().backward()
        engines = [leaf.grad.array for i in (2, 1, 0) for leaf in leaves[2 * i : 2 * i + 2]]  # type: ignore
        for mine, theirs in zip(by_four_equations(weights, biases, x, y), engines, strict=True):
            print(mine.shape, f"differ by at most {np.abs(mine - theirs).max():.0e}")


# %% [markdown] lang="zh" tags=["hint"]
# 一个样本时它是外积 $\delta_j a_k$；一批时是许多外积之和。
# %% [markdown] lang="en" tags=["hint"]
# For one example it is the outer product $\delta_j a_k$; for a batch, a sum of outer products.
# %% [markdown] lang="zh" tags=["hint"]
# 跨批次求和的外积就是一个矩阵乘法：转置哪一个，才能让批次轴挨在一起？
# %% [markdown] lang="en" tags=["hint"]
# Outer products summed over the batch are one matrix product: which of them is transposed, so that the batch axes meet?
# %% [markdown] lang="zh" tags=["question"] see="bp2"
# 上一格的网络有三层，每过一层 $\delta$ 要乘 $\sigma'(z) \le 1/4$。二十层呢？四个公式里哪两个告诉你，前面各层的权重几乎收不到梯度？把 sigmoid 换成 ReLU，变的是哪一个因子？
# %% [markdown] lang="en" tags=["question"] see="bp2"
# The network above has three layers, and in each $\delta$ is multiplied by $\sigma'(z) \le 1/4$. With twenty layers? Which two of the four equations tell you that the weights of the early layers get hardly any gradient? With ReLU in place of the sigmoid, which factor changes?
# %% [markdown] lang="zh" tags=["answer"]
# 二十层最多剩 $4^{-20} \approx 10^{-12}$，除非权重大得足以抵消。
# BP2 说 $\delta$ 怎样一层层变小，BP4 说权重的梯度与它成正比。
# ReLU 只换掉 $\sigma'(z)$ 这个因子：开着的单元是 1。$W^\top$ 那个因子还在，所以初始的大小仍然要紧。
# %% [markdown] lang="en" tags=["answer"]
# After twenty at most $4^{-20} \approx 10^{-12}$ is left, unless weights are large enough to make up for it.
# BP2 says how $\delta$ shrinks from layer to layer, BP4 that the weights' gradients are in proportion to it.
# ReLU replaces just the factor $\sigma'(z)$: it is 1 for a unit that is on. The factor $W^\top$ stays, and so the size of the first weights still matters.
# %% [markdown] lang="zh" numbers="0.982 0.0173 0.982"
# ## 5 · 错得越多，学得越慢？
# ### 同一个单元，两种损失
#
# 一个单元，$a = \sigma(wx + b)$，输入 $x = 1$，目标 $y = 0$。
# 从 $w = b = 2$ 出发，$z = 4$，$a$ = 0.982：错得离谱，应当学得很快。
#
# 平方损失 $\frac{1}{2}(a - y)^2$：由 BP1，$\delta = (a - y)\,\sigma'(z)$。
# $\sigma'(z) = a(1 - a) = 0.982 \cdot 0.018$，所以 $\delta$ = 0.0173：几乎不动。
# 单元饱和了：曲线在这里是平的，这就是学习减速（learning slowdown）。
#
# 交叉熵 $-y \ln a - (1 - y)\ln(1 - a)$：它对 $a$ 的斜率是 $\frac{a - y}{a(1 - a)}$，分母恰好消掉 $\sigma'(z)$，$\delta = a - y$ = 0.982：错多少，就拉多少。
# 毛病不在平方损失本身，而在它与 sigmoid 的搭配：输出若是线性的，$a = z$，激活函数的斜率处处是 1，平方损失也不减速；回归就这样用。
# 这就是第 2 节的 $p - y$，两个类的情形。许多类也一样：对 softmax 的概率用平方损失，十分肯定却答错时 $p$ 接近独热，第 2 节的 $p_i(\delta_{ij} - p_j)$ 处处接近 0，梯度就几乎没有了。
# 消掉的只是*最后一层*的 $\sigma'$：由 BP2，隐藏层的误差仍要乘自己的 $\sigma'(z_l)$，饱和了照样学得慢。交叉熵治不了隐藏层；换成 ReLU 有用：开着的单元斜率是 1。
# %% [markdown] lang="en" numbers="0.982 0.0173 0.982"
# ## 5 · The worse, the slower?
# ### One unit, two losses
#
# A single unit, $a = \sigma(wx + b)$, with input $x = 1$ and target $y = 0$.
# From $w = b = 2$, $z = 4$ and $a$ = 0.982: hopelessly wrong, so it should learn fast.
#
# The quadratic loss $\frac{1}{2}(a - y)^2$: by BP1, $\delta = (a - y)\,\sigma'(z)$.
# $\sigma'(z) = a(1 - a) = 0.982 \cdot 0.018$, and so $\delta$ = 0.0173: it hardly moves.
# The unit is saturated: the curve is flat here, and that is the **learning slowdown**.
#
# Cross-entropy, $-y \ln a - (1 - y)\ln(1 - a)$, has the slope $\frac{a - y}{a(1 - a)}$ with respect to $a$, whose denominator just cancels $\sigma'(z)$: $\delta = a - y$ = 0.982; the further off, the stronger the pull.
# The fault isn't in the quadratic loss itself, but in its pairing with the sigmoid: with a linear output, $a = z$, the slope of the activation is 1 everywhere and nothing slows down; regression uses that pair.
# It is the $p - y$ of section 2, for two classes. With many classes it is the same: take the quadratic loss of softmax's probabilities; where the network is very sure and wrong, $p$ is nearly one-hot, so $p_i(\delta_{ij} - p_j)$ of section 2 is nearly 0 everywhere, and hardly any gradient is left.
# What cancels is the $\sigma'$ of the *last* layer: by BP2 the errors of a hidden layer are still multiplied by its own $\sigma'(z_l)$, and if it is saturated it still learns slowly. Cross-entropy doesn't cure hidden layers; ReLU helps, since the slope of a unit that is on is 1.
# %% [markdown] lang="zh" tags=["question"] see="neuron_path"
# 先预测，再看练习后面的图。两个起点：$w = 0.6,\ b = 0.9$（$a = 0.82$）和 $w = b = 2$（$a = 0.98$）；两种损失；学习率都是 0.15，300 步。
# 哪一条曲线最晚才开始下降？平方损失下，两个起点谁先到 0.2？交叉熵下呢？
# %% [markdown] lang="en" tags=["question"] see="neuron_path"
# Predict, then look at the figure after the exercise. There are two starts, $w = 0.6,\ b = 0.9$ ($a = 0.82$) and $w = b = 2$ ($a = 0.98$), two losses, a learning rate of 0.15, and 300 steps.
# Which curve is the last to fall? Under the quadratic loss, which start reaches 0.2 first? And under cross-entropy?
# %% [markdown] lang="zh" tags=["answer"]
# 平方损失、$a = 0.98$ 的那条：先有一段几乎是平的，一百多步后才掉下来；错得少的先到 0.2，另一条走完 300 步才刚刚接近。
# 交叉熵下也是错得少的先到，可是只差几步。
# 错得多的，$\delta$ 大，$z$ 每一步走得更远；只是 sigmoid 在那里平，$a$ 起初降得慢一些，50 步时两条已经差不多了。
# 人们以为“错得越多，学得越快”：这要看损失。交叉熵下 $z$ 的步子的确如此；平方损失配 sigmoid，在饱和的地方恰好相反。
# %% [markdown] lang="en" tags=["answer"]
# That of the quadratic loss from $a = 0.98$: it is almost flat at first, and falls only after more than a hundred steps. The start that is less wrong reaches 0.2 first; the other has only just come close after 300 steps.
# Under cross-entropy it is first, too, but only by a few steps.
# The worse start has the larger $\delta$, so its $z$ moves further in each step. The sigmoid is flat there, so $a$ falls more slowly at first, but after 50 steps the two are almost equal.
# People think "the worse, the faster it learns": that depends on the loss. Under cross-entropy it is true of the steps of $z$; the quadratic loss with a sigmoid does just the opposite where the unit is saturated.
# %%
if __name__ == "__main__":
    a = sigmoid(np.array(4.0))
    print(f"a = {a:.3f}; delta: quadratic {a * a * (1 - a):.4f}, cross-entropy {a:.3f}")


# %% [markdown] lang="zh"
# ### 练习 · 一个单元的学习 · 15 分钟
#
# 从 `w` 和 `b` 出发走 `steps` 步梯度下降，两个同时更新；返回输出 $a$ 的历史：起点的，和每一步之后的，共 `steps + 1` 个 `float`。
# `cost` 是 `"quadratic"`（$\frac{1}{2}(a - y)^2$）或 `"cross-entropy"`；签名里的 `Literal[…]` 说的就是：只许是列出的值。
# 由 BP3 和 BP4，$b$ 的梯度是 $\delta$，$w$ 的是 $\delta x$。
# 例如 `neuron_path(0.0, 0.0, 1.0, 0.0, lr=1.0, steps=1, cost="cross-entropy")`：$a = 0.5$，$\delta = 0.5$，两个都走到 $-0.5$，$\sigma(-1) = 0.269$，所以返回 `[0.5, 0.269]`（四舍五入）。
# - `x` 和 `y` 是任意的数，`y` 在 0 与 1 之间；`lr` 可以很大，$z$ 的绝对值就可能大到一千：输出舍入成 0 或 1，但没有错误和 NaN。
# - 别的 `cost` 要报 `ValueError`，零步时也要报。
# %% [markdown] lang="en"
# ### Exercise · how one unit learns · 15 min
#
# From `w` and `b` make `steps` steps of gradient descent, both updated at once; return the history of the output $a$: at the start and after each step, `steps + 1` `float`s in all.
# `cost` is `"quadratic"` ($\frac{1}{2}(a - y)^2$) or `"cross-entropy"`; `Literal[…]` in the signature says just that: only the values listed.
# By BP3 and BP4 the gradient of $b$ is $\delta$, that of $w$ is $\delta x$.
# For example, `neuron_path(0.0, 0.0, 1.0, 0.0, lr=1.0, steps=1, cost="cross-entropy")`: $a = 0.5$ and $\delta = 0.5$, both go to $-0.5$, and $\sigma(-1) = 0.269$, so it returns `[0.5, 0.269]` (rounded).
# - `x` and `y` are any numbers, `y` between 0 and 1; `lr` may be large, and $z$ then as far from 0 as a thousand: outputs round to 0 or 1, with no error or NaN.
# - Any other `cost` raises `ValueError`, also with no steps.
# %% exercise="neuron_path" difficulty=2 importance=4 minutes=15
def neuron_path(
    w: float, b: float, x: float, y: float, lr: float, steps: int, cost: Literal["quadratic", "cross-entropy"]
) -> list[float]:
    """The output of a sigmoid unit before the first step of gradient descent and after each."""
    # solution
    if cost not in ("quadratic", "cross-entropy"):
        raise ValueError(f"neuron_path: cost is {cost!r}; it must be 'quadratic' or 'cross-entropy'")
    outputs = [float(sigmoid(np.array(w * x + b)))]
    for _ in range(steps):
        a = outputs[-1]
        delta = (a - y) * (a * (1 - a) if cost == "quadratic" else 1)
        w, b = w - lr * delta * x, b - lr * delta
        outputs.append(float(sigmoid(np.array(w * x + b))))
    return outputs


if __name__ == "__main__":
    if tests.test_neuron_path(neuron_path):
        costs: tuple[Literal["quadratic", "cross-entropy"], ...] = ("quadratic", "cross-entropy")
        paths = {(c, w): neuron_path(w, b, 1.0, 0.0, 0.15, 300, c) for c in costs for w, b in ((0.6, 0.9), (2.0, 2.0))}
        for (cost, _), path in paths.items():
            print(f"{cost:13} from {path[0]:.2f}: after 50 steps {path[50]:.2f}, after 300 {path[-1]:.2f}")
        figures.slowdown(paths).show()


# %% [markdown] lang="zh" tags=["hint"]
# 两种损失只差 $\delta$ 里的一个因子：哪一个？
# %% [markdown] lang="en" tags=["hint"]
# The two losses differ in one factor of $\delta$: which?
# %% [markdown] lang="zh" tags=["hint"]
# 先算出 $\delta$，再同时更新两个数，然后才算新的输出；列表从起点的输出开始。
# %% [markdown] lang="en" tags=["hint"]
# Compute $\delta$ first, then update both numbers, and only then the new output; the list begins with the output at the start.
# %% [markdown] lang="zh"
# ## 6 · 语言模型能学到多好
# ### 一个分类器，类就是字符
#
# 看到一个字符，猜下一个：这是一个分类问题，有多少种字符就有多少类。
# 最简单的模型，二元语法模型（`part0_chance` 的选做题里数过），只是一张表：第 $a$ 行是字符 $a$ 之后各个字符的分数。
# 表就是参数，取一行就是前向；引擎的索引会求导，同一行被取许多次，梯度就加许多次。
#
# 文本由我们自己造：几个主语、动词、宾语，随机连成句子。
# 训练它用的是第 3 节的零件，一行也不用改。
# 有两个数事先就能算出来，用来与训练的结果对照：
# - 起点：表全是 0，每个字符的概率相同，损失是 $\ln |V|$，$|V|$ 是字符的种数。
# - 终点：只看前一个字符，能做到的最好就是把真实的比例当作概率，在这篇文本上训练再久，损失也低不过它；要是在同一篇文本上真的低于它，就是哪里算错了，比如平均时除错了数，或者输入里漏进了答案。这时的损失叫条件熵（conditional entropy）：知道了前一个字符，下一个平均还有多少惊讶。下面的 $p(a, b)$ 是 $ab$ 占所有对的比例，$p(b \mid a)$ 是 $b$ 占 $a$ 后面那些字符的比例：
#
# $$H = -\sum_{a, b} p(a, b) \ln p(b \mid a)$$
#
# 手算：字符 0 后面是 0 一次、是 1 三次；字符 1 后面是 0 两次、是 1 两次；共 8 对。
# 第 0 行的惊讶是 $\frac{1}{4}\ln 4 + \frac{3}{4}\ln\frac{4}{3} = 0.562$，第 1 行是 $\ln 2 = 0.693$；两行各占一半，$H = 0.628$。不看前一个字符，下一个是 0 的占 3/8，惊讶平均 0.662：所以前一个字符只帮了一点忙。知道了前一个，平均的惊讶不会变大；两行的比例若相同，$p(b \mid a) = p(b)$，就一点忙也没帮，两个数相等。
#
# **读物**：*NLP Demystified*（Nitin Punjani，英文，免费的网上课程），从统计词频一直讲到神经语言模型。读时想：词有几万个而不是二十几个字符时，这张表有多大？那里用什么代替它？
# %% [markdown] lang="en"
# ## 6 · How good can a language model become
# ### A classifier whose classes are characters
#
# See a character, guess the next: that is classification, with as many classes as there are characters.
# The simplest model, the bigram model (counted in a bonus exercise of `part0_chance`), is nothing but a table: row $a$ holds the scores of what follows character $a$.
# The table is the parameter, and picking a row is the forward pass; the engine differentiates indexing, and where a row is picked many times, as many gradients are added.
#
# We make the text ourselves: a few subjects, verbs and objects, put together at random.
# It is trained with the parts of section 3; not a line changes.
# Two numbers can be computed beforehand, to compare the training with:
# - The start: the table is all 0, every character has the same probability, and the loss is $\ln |V|$, where $|V|$ is how many characters there are.
# - The end: with one character to look at, the best is to give each next character its true proportion as its probability, and however long you train on this text, the loss can't go below that; if on this very text it does, there is an error somewhere, such as a mean over the wrong number, or an answer that leaked into the input. At this best, the loss is the **conditional entropy**: how much surprise is left on average in the next character once the one before it is known. Below, $p(a, b)$ is the share of the pair $ab$ among all pairs, $p(b \mid a)$ that of $b$ among what follows $a$:
#
# $$H = -\sum_{a, b} p(a, b) \ln p(b \mid a)$$
#
# By hand: character 0 is followed by 0 once and by 1 three times; character 1 by 0 twice and by 1 twice; 8 pairs in all.
# The surprise in row 0 is $\frac{1}{4}\ln 4 + \frac{3}{4}\ln\frac{4}{3} = 0.562$, in row 1 it is $\ln 2 = 0.693$; each row makes up half, and $H = 0.628$. Without looking at the character before, 3/8 of what follows is 0, and the mean surprise is 0.662: so the character before helps only a little. Knowing it never makes the mean surprise larger; if both rows had the same shares, $p(b \mid a) = p(b)$, it would not help at all, and the two numbers would be equal.
#
# **Reading**: *NLP Demystified* (Nitin Punjani, in English, a free course on the web) goes from counting words to neural language models. While you read: with tens of thousands of words in place of some twenty characters, how large is this table? What takes its place there?
# %%
SUBJECTS = ("the small cat", "a grey fox", "my sister", "the old baker", "nobody")
VERBS = ("sees", "finds", "paints", "follows", "forgets")
OBJECTS = ("a red house", "the long river", "two apples", "the moon", "an open window")


def story(sentences: int, seed: int) -> str:
    """Random sentences of ours."""
    rng = np.random.default_rng(seed)
    return "".join(f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)} {rng.choice(OBJECTS)}. " for _ in range(sentences))


def numbered(text: str, alphabet: str) -> np.ndarray:
    """Each character's place in the alphabet."""
    return np.array([alphabet.index(character) for character in text])


if __name__ == "__main__":
    text = story(400, seed=0)
    print(text[:90], "...")
    alphabet = "".join(sorted(set(text)))
    print(len(text), "characters,", len(alphabet), "different ones, most often", Counter(text).most_common(3))


# %% [markdown] lang="zh"
# ### 练习 · 条件熵 · 10 分钟
#
# `counts[a, b]` 是字符 `a` 后面跟着 `b` 的次数；返回条件熵，单位是奈特，一个 `float`。
# 例如 `[[1, 3], [2, 2]]` 得 0.628。
# - 没有出现过的对贡献 0；整行都是 0 的字符也可以有。换一篇*新*文本就不同了：里面若有一对从没数到过，数出来的概率是 0，损失就是无穷大；所以真用计数做模型时，先给每个计数加一个小数，例如 1（加一平滑，add-one smoothing）；一行的和也就多了 $|V|$。
# - 次数是整数或 `float64`，至少有一个不是 0；结果不能是 NaN，警告不判。
# %% [markdown] lang="en"
# ### Exercise · conditional entropy · 10 min
#
# `counts[a, b]` is how often character `a` is followed by `b`; return the conditional entropy in nats, a `float`.
# For example, `[[1, 3], [2, 2]]` gives 0.628.
# - A pair that never occurred adds 0; a character may have a row of zeros. On a *new* text it is different: if that has a pair which was never counted, the counted probability is 0, and the loss is infinite; so whoever uses counts as a model first adds a small number to each, 1 say (add-one smoothing); the sum of a row then grows by $|V|$.
# - Counts are integers or `float64`, and at least one isn't 0; the result must not be NaN; warnings aren't judged.
# %% exercise="conditional_entropy" difficulty=2 importance=4 minutes=10
def conditional_entropy(counts: Float[np.ndarray, "v v"] | Int[np.ndarray, "v v"]) -> float:
    """The mean surprise, in nats, of the second character of a pair, once the first is known."""
    # solution
    firsts = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)
    seen = counts > 0
    return float((counts[seen] * np.log(firsts[seen] / counts[seen])).sum() / counts.sum())


if __name__ == "__main__":
    if tests.test_conditional_entropy(conditional_entropy):
        print(f"{conditional_entropy(np.array([[1, 3], [2, 2]])):.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# $p(a, b)$ 的分母是所有的对，$p(b \mid a)$ 的分母是谁？
# %% [markdown] lang="en" tags=["hint"]
# The denominator of $p(a, b)$ is all pairs; what is that of $p(b \mid a)$?
# %% [markdown] lang="zh" tags=["hint"]
# 只在次数大于 0 的位置上取对数：布尔掩码 `counts > 0`。
# %% [markdown] lang="en" tags=["hint"]
# Take the log only where the count is above 0: a boolean mask, `counts > 0`.
# %% [markdown] lang="zh"
# ### 练习 · 二元语法分类器 · 10 分钟
#
# `Bigram(n)` 是一个模块：唯一的参数 `weight` 形状 `n n`，开始全是 0（`float64`）；`forward(ids)` 收一个整数数组，返回每个字符的那一行分数，形状 `batch n` 的 `Tensor`。
# 例如 `weight` 的第 2 行是 `[5, 6, 7]`，`model(np.array([2, 2]))` 给出两行 `[5, 6, 7]`。
# - `forward` 用当时的 `weight`；同一个字符出现几次，它那一行的梯度就加几份。
# %% [markdown] lang="en"
# ### Exercise · the bigram classifier · 10 min
#
# `Bigram(n)` is a module: its only parameter, `weight`, has the shape `n n` and is all 0 at first (`float64`); `forward(ids)` takes an array of integers and returns for each character its row of scores, a `Tensor` of shape `batch n`.
# For example, if row 2 of `weight` is `[5, 6, 7]`, `model(np.array([2, 2]))` gives two rows of `[5, 6, 7]`.
# - `forward` uses `weight` as it is then; for each time that a character occurs, one more gradient is added in its row.
# %% exercise="Bigram" difficulty=2 importance=4 minutes=10
class Bigram(Module):
    """A table of scores: row a is for what follows character a."""

    def __init__(self, n: int) -> None:
        super().__init__()
        # solution
        self.weight = Parameter(np.zeros((n, n)))

    def forward(self, ids: Int[np.ndarray, " batch"]) -> "Tensor":
        # solution
        return self.weight[ids]


def fit_bigram(ids: np.ndarray, n: int, steps: int = 300, lr: float = 40.0) -> tuple[Bigram, list[float]]:
    """A bigram model, trained on all pairs of the text at once; its loss before each step."""
    model, losses = Bigram(n), []
    optimiser = SGD(model.parameters(), lr)
    for _ in range(steps):
        loss = cross_entropy(model(ids[:-1]), ids[1:])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return model, losses


if __name__ == "__main__":
    needed = tests.test_cross_entropy(cross_entropy), tests.test_SGD(SGD), tests.test_NoGrad(NoGrad)
    if tests.test_Bigram(Bigram) and tests.test_conditional_entropy(conditional_entropy) and all(needed):
        text = story(100, seed=0)
        alphabet = "".join(sorted(set(text)))
        ids, counts = numbered(text, alphabet), np.zeros((len(alphabet), len(alphabet)))
        np.add.at(counts, (ids[:-1], ids[1:]), 1)  # 1 more for each pair, repeated pairs included
        model, losses = fit_bigram(ids, len(alphabet))
        entropy, guess = conditional_entropy(counts), float(np.log(len(alphabet)))
        print(f"first loss {losses[0]:.3f}, ln |V| {guess:.3f}; last loss {losses[-1]:.3f}, H {entropy:.3f}")
        with NoGrad():
            other = numbered(story(100, seed=1), alphabet)
            print(f"on another text: {cross_entropy(model(other[:-1]), other[1:]).item():.3f}")
        figures.bigram(losses, entropy, guess).show()


# %% [markdown] lang="zh" tags=["hint"]
# 引擎的 `Tensor` 可以用整数数组当索引，与 NumPy 一样。
# %% [markdown] lang="en" tags=["hint"]
# The engine's `Tensor` can be indexed by an array of integers, as in NumPy.
# %% [markdown] lang="zh" tags=["hint"]
# `self.weight[ids]`：每次都从属性取，不要在 `__init__` 里存下它的数组。
# %% [markdown] lang="en" tags=["hint"]
# `self.weight[ids]`: take it from the attribute each time; don't store its array in `__init__`.
# %% [markdown] lang="zh" tags=["question"] see="Bigram"
# 训练三百步接近的，数一遍就能准确得到：$q(b \mid a) = \text{counts}[a, b] / \sum_b \text{counts}[a, b]$。用第 2 节的 $p - y$ 说明：模型的概率 $p$ 恰好等于这些比例 $q$ 时，梯度才是 0。那为什么还要学训练？
# %% [markdown] lang="en" tags=["question"] see="Bigram"
# What three hundred steps of training come close to, one count finds exactly: $q(b \mid a) = \text{counts}[a, b] / \sum_b \text{counts}[a, b]$. Show by the $p - y$ of section 2 that the gradient is 0 just when the model's probabilities $p$ are these proportions $q$. Why learn by training, then?
# %% [markdown] lang="zh" tags=["answer"]
# 第 $a$ 行的梯度是所有以 $a$ 开头的对的 $p - y$ 之和，再除以对的总数：$p$ 每次都相同，$y$ 的和就是那一行的次数。
# 所以它与 $p - q$ 只差一个倍数，即这些对所占的比例；为 0 当且仅当 $p = q$。比例是 0 的地方，softmax 只能越来越接近，所以训练的损失总比 $H$ 高一点。
# 计数只适用于表。看前三个字符，表就有 $|V|^3$ 行，多数从没出现过；换成网络，没见过的上下文也能从相似的学来，而网络没有公式可数，只能训练。
# %% [markdown] lang="en" tags=["answer"]
# The gradient of row $a$ is the sum of $p - y$ over all pairs that begin with $a$, divided by the number of all pairs: $p$ is the same each time, and the $y$ add up to the counts of the row.
# So it is $p - q$ times the share of these pairs, and 0 if and only if $p = q$. Where a proportion is 0 softmax only comes closer and closer, so the loss in training stays a little above $H$.
# Counting works for tables only. With three characters to look at, the table has $|V|^3$ rows, most of them never seen; a network learns about unseen contexts from similar ones, and for a network there is nothing to count: it must be trained.
# %% [markdown] lang="zh"
# ## 这一课的零件，以后在哪里用
#
# 你现在能检验任何手写的梯度；能说出为什么 softmax 与交叉熵是一对、为什么反向不需要雅可比矩阵；有了一套自己的 `Module` 和 `SGD`，核心的做法与 torch 相同。
# 第 4 天，`SGD` 加上动量，再变成 Adam；在 `part4_distributed` 里，各进程的梯度先平均，再走一步；softmax 的雅可比矩阵和层归一化，`part6_bridges` 还要用。$\ln |V|$ 则是每一次训练语言模型时最先要对照的数：从头训练，第一步的损失应当在它附近。
#
# 想再深一点：不看答案，自己推导一遍批归一化的 VJP，再用 `numerical_gradient` 检验；它与层归一化只差在沿哪个轴平均。
# %% [markdown] lang="en"
# ## Where the pieces of this lesson come back
#
# You can now check any gradient written by hand; you can say why softmax and cross-entropy are a pair and why backward needs no Jacobian; and you have a `Module` and an `SGD` of your own that work at their core as torch's do.
# On day 4 `SGD` gets momentum, and then becomes Adam; in `part4_distributed` gradients are averaged over the processes before each step; and `part6_bridges` uses the Jacobian of softmax and layer norm again. $\ln |V|$ is the number to compare with first in every training of a language model: from scratch, the loss of the first step should be near it.
#
# To go deeper: derive the VJP of batch norm on your own, then check it with `numerical_gradient`; it differs from layer norm only in the axis of the means.
