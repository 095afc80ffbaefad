# %% [markdown] lang="zh" order=1
# # 第 4 天 · 优化器
#
# 这一课你写出 SGD（带动量、Nesterov）、RMSprop、Adam 和 AdamW，每一步都与 `torch.optim` 里同名的相等；还有参数组、学习率调度和梯度裁剪。
# 你会用公式算出梯度下降能有多快，再用自己写的代码量出来，两个数对得上。
#
# **先修**：`part0_tensors`（梯度、`no_grad`、一步 SGD），`part0_chance`（学习率与曲率），`part0_maths`（特征向量），`part2_cnns`（模块、训练）。
# **时间**：约 4 小时，最后的选做另算；第 2 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint SGD`，自测用 `coach questions`。
#
# 每个练习都要支持 `float32` 和 `float64`，传入的张量不许改动（优化器和 `clip_grad_norm` 就是用来改参数、改梯度的，除外）。
# 没有写明的情形不评判；变量怎么命名、代码怎么写，都不限。
# %% [markdown] lang="en" order=1
# # Day 4 · optimisers
#
# In this lesson you write SGD (with momentum, and Nesterov's), RMSprop, Adam and AdamW, each equal to the one with the same name in `torch.optim` at every step; and parameter groups, learning rate schedules and gradient clipping.
# With a formula you work out how fast gradient descent can be, then you measure it with your own code, and the two numbers agree.
#
# **You need** `part0_tensors` (gradients, `no_grad`, one step of SGD), `part0_chance` (learning rate and curvature), `part0_maths` (eigenvectors), `part2_cnns` (modules, training).
# **Time**: about four hours, without the bonus at the end; after section 2 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint SGD` helps when you are stuck; test yourself with `coach questions`.
#
# Every exercise works in `float32` and `float64`, and leaves the tensors it is given unchanged (except that optimisers and `clip_grad_norm` exist to change parameters and gradients).
# Cases that aren't described aren't judged; how you name your variables and write your code is up to you.
# %%
import copy
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from part2_cnns.solutions import SimpleMLP, get_digits
from torch import Tensor, nn

from part4_optimization import figures, tests

Surface = Callable[[Tensor, Tensor], Tensor]  # the height at each x and y, element by element


# %% [markdown] lang="zh" tags=["question"] see="part0_chance.gradient_descent"
# 先回想第 0 天，不要翻看：对 $\frac{1}{2} c x^2$ 做梯度下降，$c$ 是曲率（curvature），学习率是 $\eta$。每一步 $x$ 乘以几？学习率超过多少就会发散？
# %% [markdown] lang="en" tags=["question"] see="part0_chance.gradient_descent"
# From day 0, without looking it up: gradient descent on $\frac{1}{2} c x^2$, where $c$ is the **curvature**, with the learning rate $\eta$. What is $x$ multiplied by at each step? Above which learning rate does it diverge?
# %% [markdown] lang="zh" tags=["answer"]
# 梯度是 $cx$，所以 $x \leftarrow x - \eta c x = (1 - \eta c)\,x$。
# 只要 $|1 - \eta c| < 1$ 就收敛，也就是 $0 < \eta < 2/c$；超过 $2/c$，每一步都离得更远。
# 这一课的前半就建在这一行上。
# %% [markdown] lang="en" tags=["answer"]
# The gradient is $cx$, so $x \leftarrow x - \eta c x = (1 - \eta c)\,x$.
# It converges while $|1 - \eta c| < 1$, that is for $0 < \eta < 2/c$; above $2/c$ every step ends further away.
# The first half of this lesson builds on this one line.
# %% [markdown] lang="zh"
# ## 1 · 一个山谷，许多个一维问题
# ### 走不快的山谷
#
# 真正的网络有几百万个旋钮，损失画不出来；只有两个旋钮时，损失可以画成一张地图。
# 等高线（contour line）把损失相同的点连起来，沿着它走损失不变，所以梯度总与它垂直，指向最陡的上坡。
# 普通的地图上，相邻两条线之间高度差得一样多，线密的地方就陡。这一课的图不同：相邻两条线之间，损失大致差同样的*倍数*，为的是看清最低点附近；所以越近最低点线越密，坡却不陡。
# 梯度下降的每一步都与脚下的等高线垂直，朝低的一边走。
#
# 下面的 `ravine` 是一条狭长的谷：损失是 $(x^2 + 10 y^2)/2$，沿 $x$ 的曲率是 1，沿 $y$ 的曲率是 10，最低点在 $(0, 0)$。
# 从 $(8, 2)$ 出发：最低点在 $x$ 方向还有 8 那么远，在 $y$ 方向只有 2；梯度却是 $(x, 10y) = (8, 20)$，主要指着 $y$。
# 所以最陡的下坡方向并不指向最低点，而是横着冲向对面的谷壁；只有起点正好在一条轴上，或者两个曲率相等，负梯度才正对着最低点。
# %% [markdown] lang="en"
# ## 1 · One valley, many one-dimensional problems
# ### A valley that can't be hurried
#
# A real network has millions of knobs, and its loss can't be drawn; with only two knobs it can be drawn as a map.
# A **contour line** joins places of equal loss; along it the loss stays the same, so the gradient is always perpendicular to it, and points in the direction of steepest ascent.
# On an ordinary map the height changes by the same amount from one line to the next, so lines that are close together mean steep ground. The figures of this lesson are different: from line to line the loss changes by about the same *factor*, so that the surroundings of the lowest point can be seen; near it lines are dense although the slope is small.
# Each step of gradient descent starts at a right angle to the contour line at that place, towards the lower side.
#
# `ravine` below is a long, narrow valley: its loss is $(x^2 + 10 y^2)/2$, with a curvature of 1 along $x$ and of 10 along $y$, and it is lowest at $(0, 0)$.
# Start at $(8, 2)$: the lowest point is 8 away along $x$ and only 2 along $y$; but the gradient is $(x, 10y) = (8, 20)$, and points mostly along $y$.
# So the steepest way down doesn't lead to the lowest point; it leads across the valley, to the opposite wall. Only from a place on one of the axes, or with two equal curvatures, does the negative gradient point straight at the lowest point.
# %% [markdown] lang="zh" tags=["question"] see="best_lr"
# 先预测，再运行下一格。学习率 0.15 时，走三步，$x$ 从 8 变成 4.913。
# 换成 0.19，再换成 0.21：$x$ 会更快到 0 吗？$y$ 会怎样？
# %% [markdown] lang="en" tags=["question"] see="best_lr"
# Predict, then run the next cell. With a learning rate of 0.15, three steps take $x$ from 8 to 4.913.
# With 0.19, and then with 0.21: does $x$ get to 0 faster? And what does $y$ do?
# %% [markdown] lang="zh" numbers="4.252 3.944" tags=["answer"]
# $x$ 每步乘 $1 - \eta$，学习率越大越快：0.19 时到 4.252，0.21 时到 3.944。
# $y$ 每步乘 $1 - 10\eta$：0.15 时是 $-0.5$，0.19 时是 $-0.9$，0.21 时是 $-1.1$。
# 所以 0.21 时 $y$ 越荡越高，损失发散，尽管 $x$ 走得最快。*最弯的方向决定步子最多能迈多大；步子不太接近这个上限时，最平的方向决定要走多久。*（0.19 已经很接近上限 0.2：$y$ 每步剩 0.9 倍，比 $x$ 的 0.81 倍还慢。）
# %% [markdown] lang="en" numbers="4.252 3.944" tags=["answer"]
# At each step $x$ is multiplied by $1 - \eta$, so the larger the learning rate, the faster: 4.252 with 0.19, 3.944 with 0.21.
# And $y$ is multiplied by $1 - 10\eta$: by $-0.5$ with 0.15, by $-0.9$ with 0.19, by $-1.1$ with 0.21.
# So with 0.21 $y$ swings higher and higher, and the loss diverges, although $x$ is at its fastest. *The most curved direction says how large a step may be; unless steps come close to that limit, the flattest direction says how long it all takes.* (0.19 is close to the limit of 0.2: a step leaves 0.9 of $y$, and only 0.81 of $x$.)
# %%
def ravine(x: Tensor, y: Tensor) -> Tensor:
    """A quadratic valley, ten times as curved along y as along x; lowest at (0, 0)."""
    return (x.square() + 10 * y.square()) / 2


def walk(lr: float, n_iters: int = 4) -> Float[Tensor, "n_iters 2"]:
    """Down the ravine from (8, 2) by plain gradient descent: its slopes are x and 10 y."""
    place, path = torch.tensor([8.0, 2.0]), []
    for _ in range(n_iters):
        path.append(place)
        place = place - lr * torch.tensor([1.0, 10.0]) * place
    return torch.stack(path)


if __name__ == "__main__":
    for lr in (0.15, 0.19, 0.21):
        x, y = walk(lr).T
        print(f"lr {lr}: x {[round(v, 3) for v in x.tolist()]}, y {[round(v, 3) for v in y.tolist()]}")
    figures.race(ravine, {f"lr {lr}": walk(lr, 16) for lr in (0.05, 0.15, 0.21)}).show()


# %% [markdown] lang="zh" numbers="5.78 0.5 4.913"
# ### 互不相干
#
# 用笔算学习率 0.15 的前几步：
#
# | 步 | $x$，每步乘 $1 - 0.15 = 0.85$ | $y$，每步乘 $1 - 1.5 = -0.5$ |
# |---|---|---|
# | 0 | 8 | 2 |
# | 1 | 6.8 | −1 |
# | 2 | 5.78 | 0.5 |
# | 3 | 4.913 | −0.25 |
#
# $x$ 那一列里没有出现 $y$，反过来也一样：这是两个互不相干的一维问题，各有各的曲率 $\lambda$，各乘各的 $1 - \eta\lambda$。
# 它们共用的只有学习率 $\eta$，麻烦就出在这里。
#
# 曲率都是正数时，最大曲率与最小曲率之比叫条件数（condition number），记作 $\kappa$（读作 kappa）；这里 $\kappa = 10$。
# $\kappa = 1$ 时等高线是圆，一步就能走到底；$\kappa$ 越大，谷越狭长，走得越慢。
# 这里的“曲率”是二阶导数，说的是损失沿这个方向有多弯，不是有多高，也不是有多陡。
#
# 曲率也可以是负的。坡度为 0、但有的方向曲率为正、有的为负的地方，叫鞍点（saddle point），例如 $x^2 - y^2$ 的 $(0, 0)$。
# 从 $(1, 0)$ 出发，$y$ 的梯度恰好是 0，于是一路走进鞍点；从 $(1, 0.000001)$ 出发，$y$ 每步乘 $1 + 2\eta$，学习率 0.1 时走 76 步就超过 1，从旁边溜走了。
# 实践中几乎不会恰好走进去，何况还有噪声；但鞍点附近坡度很小，会白白耗掉许多步。
# %% [markdown] lang="en" numbers="5.78 0.5 4.913"
# ### Nothing to do with each other
#
# The first steps with a learning rate of 0.15, by hand:
#
# | step | $x$, times $1 - 0.15 = 0.85$ each | $y$, times $1 - 1.5 = -0.5$ each |
# |---|---|---|
# | 0 | 8 | 2 |
# | 1 | 6.8 | −1 |
# | 2 | 5.78 | 0.5 |
# | 3 | 4.913 | −0.25 |
#
# The column of $x$ doesn't contain $y$, nor the other way round: these are two problems of one dimension, each with its own curvature $\lambda$ and its own factor $1 - \eta\lambda$.
# The only thing they share is the learning rate $\eta$, and that is the source of the trouble.
#
# When all curvatures are positive, the largest divided by the smallest is the **condition number**, written $\kappa$ (kappa); here $\kappa = 10$.
# With $\kappa = 1$ contours are circles, and one step can reach the bottom; the larger $\kappa$, the narrower the valley and the slower the descent.
# This curvature is the second derivative: it says how bent the loss is along a direction, not how high it is, nor how steep.
#
# Curvature may also be negative. A place with no slope, where some directions have positive curvature and others negative, is a **saddle point**, as $(0, 0)$ is for $x^2 - y^2$.
# From $(1, 0)$ the gradient along $y$ is exactly 0, and the path leads right into the saddle point. From $(1, 0.000001)$, $y$ is multiplied by $1 + 2\eta$ at each step; with a learning rate of 0.1 it is above 1 after 76 steps, and the path has slipped past the saddle point.
# In practice you hardly ever hit a saddle point exactly, even less so with noise; but slopes near one are small, and many steps are wasted there.
# %% [markdown] lang="zh"
# ### 练习 · 沿着曲面往下走 · 10 分钟
#
# 从 `xy` 出发，用 `torch.optim.SGD([…], lr=lr, momentum=momentum)` 走 `n_iters` 步；`momentum` 照样传给它，第 2 节再讲它是什么。
# `fn(x, y)` 给出损失。返回每一步*之前*的位置：第 0 行是 `xy` 本身，最后一步之后的位置不在内。
# 例如在 `ravine` 上从 $(8, 2)$ 走四步，`lr=0.15`，正是上面的表。
# `xy` 可能要求梯度，也可能不要求；它的值、它的 `.grad` 都不许改动，结果不带计算图，类型与 `xy` 相同；`n_iters` 为 0 时形状是 `0 2`。
# 以后每一种优化器怎么走，都用这样的函数来看。
# %% [markdown] lang="en"
# ### Exercise · down a surface · 10 min
#
# From `xy` take `n_iters` steps of `torch.optim.SGD([…], lr=lr, momentum=momentum)`; just pass `momentum` on; section 2 says what it is.
# `fn(x, y)` is the loss. Return the places *before* each step: row 0 is `xy` itself, and the place after the last step isn't among them.
# Four steps from $(8, 2)$ on `ravine` with `lr=0.15`, for example, give the table above.
# `xy` may require gradients or not; neither its values nor its `.grad` may change; the result has no graph, and the dtype of `xy`; with `n_iters` 0 its shape is `0 2`.
# You will use a function like this to look at every later optimiser.
# %% exercise="opt_fn_with_sgd" difficulty=2 importance=4 minutes=10
def opt_fn_with_sgd(
    fn: Surface, xy: Float[Tensor, " 2"], lr: float, momentum: float = 0.0, n_iters: int = 100
) -> Float[Tensor, "n_iters 2"]:
    """The places before each of `n_iters` steps of `torch.optim.SGD` down `fn`, the first of them `xy`."""
    # solution
    here = xy.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([here], lr=lr, momentum=momentum)
    path = here.detach().new_empty(n_iters, 2)
    for i in range(n_iters):
        path[i] = here.detach()
        optimizer.zero_grad()
        fn(here[0], here[1]).backward()
        optimizer.step()
    return path


if __name__ == "__main__":
    if tests.test_opt_fn_with_sgd(opt_fn_with_sgd):
        path = opt_fn_with_sgd(ravine, torch.tensor([8.0, 2.0]), lr=0.15, n_iters=4)
        print([[round(v, 3) for v in row] for row in path.tolist()])


# %% [markdown] lang="zh" tags=["hint"]
# 谁是优化器手里的叶子？它必须是 `xy` 的拷贝，还要要求梯度。
# %% [markdown] lang="en" tags=["hint"]
# What is the leaf that the optimiser holds? It must be a copy of `xy`, and require gradients.
# %% [markdown] lang="zh" tags=["hint"]
# 优化器*就地*改参数：把 `here` 本身收进列表，最后每一行都一样。要存它的拷贝。
# %% [markdown] lang="en" tags=["hint"]
# The optimiser changes its parameter *in place*: put `here` itself into a list, and in the end all rows are the same. Keep copies.
# %% [markdown] lang="zh" numbers="0.9"
# ### 斜着的山谷
#
# 谷与坐标轴平行，是我们挑的。`tilted_ravine` 是同一条谷，转了 45 度；这时梯度里 $x$ 和 $y$ 混在一起，还能拆成一维问题吗？
#
# 二次函数怎样弯曲，全在一个对称矩阵 $A$ 里：把坐标原点放在梯度为 0 的地方，又不计常数，损失就是 $\frac{1}{2} x^\top A x$，梯度是 $A x$。这里的 $x$ 是整个位置，几个坐标合成一个向量。
# 第 0 天学过：对称矩阵有互相垂直的特征向量（eigenvector），沿着它们，$A$ 只是乘一个数 $\lambda$。
# 所以把 $x$ 拆成几份，每份沿一个特征向量，$A$ 就把每份各乘自己的 $\lambda$，一步梯度下降把每份各乘自己的 $1 - \eta\lambda$；$\lambda$ 就是这个方向的曲率。
#
# 用笔算一步。斜谷的 $A$ 是 $\begin{pmatrix} 5.5 & -4.5 \\ -4.5 & 5.5 \end{pmatrix}$：沿 $(1, 1)$ 的曲率是 1，沿 $(1, -1)$ 的是 10。
# 起点 $(2, 0)$ 可以拆成 $(1, 1) + (1, -1)$。学习率 0.1 时，第一份乘 $1 - 0.1 = 0.9$，第二份乘 $1 - 1 = 0$，合起来是 $(0.9, 0.9)$。
# 用梯度验算：$A\,(2, 0)$ 是 $(11, -9)$，于是 $(2, 0) - 0.1 \cdot (11, -9) = (0.9, 0.9)$。
#
# 程序里，`eigh` 给出的方向是 `directions` 的各列，长度都是 1，互相垂直；于是每一份有多大，就是起点与那个方向的内积，一次算完就是 `directions.T @ start`；`directions @ parts` 再拼回来，`parts` 是各份的大小。
# 这样一来，一百万步也不用一步步地走：每一份乘 $(1 - \eta\lambda)^{1000000}$，再加起来。
# %% [markdown] lang="en" numbers="0.9"
# ### A tilted valley
#
# That the valley runs along an axis was our choice. `tilted_ravine` is the same valley turned by 45 degrees; now its gradient mixes $x$ and $y$: does it still fall apart into one-dimensional problems?
#
# A symmetric matrix $A$ says how a quadratic function bends: with the origin where the gradient is 0, and without the constant, the loss is $\frac{1}{2} x^\top A x$ and the gradient is $A x$. Here $x$ is the whole place, all coordinates as one vector.
# From day 0 you know that a symmetric matrix has perpendicular eigenvectors, and along them $A$ only multiplies by a number $\lambda$.
# So take $x$ apart, with one part along each eigenvector: $A$ multiplies each part by its own $\lambda$, and a step of gradient descent by its own $1 - \eta\lambda$; $\lambda$ is the curvature of that direction.
#
# One step by hand. In the tilted valley $A$ is $\begin{pmatrix} 5.5 & -4.5 \\ -4.5 & 5.5 \end{pmatrix}$: a curvature of 1 along $(1, 1)$, and of 10 along $(1, -1)$.
# The start $(2, 0)$ is $(1, 1) + (1, -1)$. With a learning rate of 0.1 the first part is multiplied by $1 - 0.1 = 0.9$, the second by $1 - 1 = 0$; together they make $(0.9, 0.9)$.
# Check it by the gradient: $A\,(2, 0)$ is $(11, -9)$, and $(2, 0) - 0.1 \cdot (11, -9) = (0.9, 0.9)$.
#
# In code, `eigh` gives the directions as the columns of `directions`, each of length 1 and perpendicular to the others; so the size of each part is the inner product of the start with that direction. `directions.T @ start` gives all of them at once, and `directions @ parts` puts the parts together again, where `parts` holds those sizes.
# So a million steps needn't be walked: multiply each part by $(1 - \eta\lambda)^{1000000}$, and add up.
# %%
def tilted_ravine(x: Tensor, y: Tensor) -> Tensor:
    """The ravine turned by 45 degrees: its floor runs along (1, 1)."""
    return ravine((x + y) / math.sqrt(2), (y - x) / math.sqrt(2))


if __name__ == "__main__":
    A = torch.tensor([[5.5, -4.5], [-4.5, 5.5]])
    curvatures, directions = torch.linalg.eigh(A)  # for symmetric matrices; the directions are the columns
    print("curvatures", [round(v, 2) for v in curvatures.tolist()], "along the columns of", directions)
    start = torch.tensor([2.0, 0.0])
    print("one step:", [round(v, 2) for v in (start - 0.1 * A @ start).tolist()])


# %% [markdown] lang="zh"
# ### 练习 · 一百万步之后 · 15 分钟
#
# 损失是 $\frac{1}{2} x^\top A x$，$A$ 是对称矩阵（任意大小，曲率可以是负的或 0）。返回从 `start` 做 `n_iters` 步梯度下降之后的位置。
# 上面的例子，一步之后是 `[0.9, 0.9]`；`n_iters` 为 0 时就是 `start`。
# 一百万步要在一秒之内算完，所以不能真的走。`A` 和 `start` 的 dtype 相同，结果的也一样（float64 时至少八位是对的）；一百万步只用 float64 检查，而且那里每个方向的 $|1 - \eta\lambda|$ 都不到 1。
# （只要有一个稍大于 1，比如 1.001，它的一百万次方就是 inf；起点在那个方向上若恰好没有份，inf 乘 0 就是 nan，一步步走却得到 0。这种情形不评判。）
# %% [markdown] lang="en"
# ### Exercise · after a million steps · 15 min
#
# The loss is $\frac{1}{2} x^\top A x$ with a symmetric matrix $A$ (of any size; curvatures may be negative or 0). Return where `n_iters` steps of gradient descent from `start` lead.
# For the example above that is `[0.9, 0.9]` after one step; with `n_iters` 0 it is `start`.
# A million steps have to be done within a second, so don't walk them. `A` and `start` have the same dtype, and so has the result (in float64 at least eight digits are right); a million steps are judged in float64 only, and with $|1 - \eta\lambda|$ below 1 along every direction.
# (If one is even a little above 1, such as 1.001, its millionth power is inf; where the start has no part along that direction, inf times 0 is nan, although walking would give 0. This isn't judged.)
# %% exercise="quadratic_after" difficulty=3 importance=4 minutes=15
def quadratic_after(
    A: Float[Tensor, "dims dims"], start: Float[Tensor, " dims"], lr: float, n_iters: int
) -> Float[Tensor, " dims"]:
    """Where `n_iters` steps of gradient descent on ½ xᵀAx lead, A being symmetric: without walking them."""
    # solution
    curvatures, directions = torch.linalg.eigh(A)
    shares = directions.T @ start  # how much of the start lies along each direction
    return directions @ ((1 - lr * curvatures) ** n_iters * shares)


if __name__ == "__main__":
    if tests.test_quadratic_after(quadratic_after):
        for n in (1, 10, 100):
            print(f"after {n:3} steps:", [f"{v:.6f}" for v in quadratic_after(A, start, 0.1, n).tolist()])
        saddle = torch.tensor([[2.0, 0.0], [0.0, -2.0]], dtype=torch.float64)  # x squared minus y squared
        for y in (0.0, 1e-6):
            x, y_after = quadratic_after(saddle, torch.tensor([1.0, y], dtype=torch.float64), 0.1, 76).tolist()
            print(f"saddle, from (1, {y}): after 76 steps x {x:.6f}, y {y_after:.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 三步：把起点拆到各个方向上，各乘各的，再拼回来。
# %% [markdown] lang="en" tags=["hint"]
# Three steps: take the start apart along the directions, multiply each part, put them together again.
# %% [markdown] lang="zh" tags=["hint"]
# 方向互相垂直、长度为 1，所以每一份的大小是起点与这个方向的内积；`directions.T @ start` 一次算完。
# %% [markdown] lang="en" tags=["hint"]
# The directions are perpendicular and of length 1, so the size of each part is the inner product of the start with that direction; `directions.T @ start` gives all of them.
# %% [markdown] lang="zh" numbers="0.1818 0.8182 0.9802 691"
# ### 最好的学习率
#
# 曲率从 $\ell$ 到 $L$ 都有，学习率只有一个。走一步，每个方向上的距离变成原来的 $|1 - \eta\lambda|$ 倍，快慢由最慢的方向说了算：其中最大的 $\max |1 - \eta\lambda|$ 叫这个学习率的收敛率（rate of convergence）。
# 它越小越快；等于 1 就永远来回跳，或者停着不动；大于 1 就发散。
# $\eta$ 小，平的方向慢；$\eta$ 大，弯的方向荡。最好的学习率让两头一样慢：
#
# $$1 - \eta \ell = \eta L - 1$$
#
# 用 `ravine` 算：$1 - \eta = 10\eta - 1$，于是 $\eta = 2/11 \approx 0.1818$，一步剩下 $1 - 2/11 = 9/11 \approx 0.8182$。
# 换成 $\kappa = 100$，剩下的是 $99/101 \approx 0.9802$：要缩小到百万分之一，得走约 691 步。
# 真的网络里，最弯的方向与平缓的方向曲率常差上万倍，所以光靠调学习率是不够的。最省事的办法是把输入标准化：各个特征的尺度差不多，各方向的曲率通常也接近些，$\kappa$ 就小些。线性模型（输出是各特征乘权重再相加）用平方误差时，损失沿一个权重的曲率与它那个特征的平方的平均成正比：一个特征的尺度是 1，另一个是 1000，曲率就差 $1000^2$ 倍，$\kappa$ 约为 $10^6$；标准化以后，只要特征互不相关，$\kappa$ 就约为 1。
# 这一切都靠碗底是圆的：离最低点越近，坡度越小，学习率不变，步子也自己变短。尖底没有这回事：$2|x|$ 的坡度离底再近也是 $\pm 2$，从 0.5 出发，$\eta = 0.1$，先是 0.3、0.1，然后在 $-0.1$ 与 0.1 之间永远来回跳；学习率降下来才停得住。
# %% [markdown] lang="en" numbers="0.1818 0.8182 0.9802 691"
# ### The best learning rate
#
# Curvatures range from $\ell$ to $L$, and there is only one learning rate. A step multiplies the distance along each direction by $|1 - \eta\lambda|$, and the slowest direction decides: the largest of these, $\max |1 - \eta\lambda|$, is the **rate of convergence**.
# The smaller it is, the faster; at 1 some direction jumps to and fro for ever, or stands still; above 1 it diverges.
# With a small $\eta$ flat directions are slow; with a large $\eta$ curved directions swing. The best learning rate makes both ends equally slow:
#
# $$1 - \eta \ell = \eta L - 1$$
#
# For `ravine`: $1 - \eta = 10\eta - 1$, so $\eta = 2/11 \approx 0.1818$, and a step leaves $1 - 2/11 = 9/11 \approx 0.8182$.
# With $\kappa = 100$ it leaves $99/101 \approx 0.9802$: to come down to a millionth takes about 691 steps.
# In real networks the most curved directions often have tens of thousands of times the curvature of flat ones, so tuning the learning rate alone isn't enough. The cheapest help is to standardise the inputs: with features of similar scale the curvatures are usually closer together, and $\kappa$ is smaller. In a linear model (a weighted sum of the features) with squared error the curvature along a weight is in proportion to the mean square of its feature: with one feature of scale 1 and another of scale 1000, curvatures differ by a factor of $1000^2$ and $\kappa$ is about $10^6$; standardised, $\kappa$ is about 1, as long as the features are uncorrelated.
# All this relies on a round bottom: the nearer to it, the smaller the slope, so steps get shorter by themselves while the learning rate stays. At a kink this isn't so: the slope of $2|x|$ is $\pm 2$ however near the bottom is; from 0.5, with $\eta = 0.1$, you come to 0.3 and 0.1, and then jump between $-0.1$ and 0.1 for ever, unless the learning rate falls.
# %%
if __name__ == "__main__":
    for largest in (10, 100):
        tried = torch.linspace(0, 2 / largest, 100_001)
        left = torch.maximum((1 - tried).abs(), (1 - largest * tried).abs())
        best, steps = left.argmin(), math.log(1e-6) / math.log(left.min().item())
        told = f"{tried[best]:.4f} leaves {left[best]:.4f} a step, {steps:.0f} steps to a millionth"
        print(f"the best of {len(tried):,} learning rates for curvatures 1 to {largest}: {told}")
    figures.slower_of_two(1.0, 10.0).show()


# %% [markdown] lang="zh" tags=["question"] see="best_lr"
# 有人说：最稳妥的是 $\eta = 1/L$，最弯的方向一步到位。这样 `ravine` 的收敛率是多少？到底划不划算？从图上读出来。
# %% [markdown] lang="en" tags=["question"] see="best_lr"
# Someone says: $\eta = 1/L$ is safest, since the most curved direction reaches the bottom in one step. What is the rate of convergence for `ravine` then? Is it worth it? Read it off the figure.
# %% [markdown] lang="zh" tags=["answer"]
# $\eta = 0.1$：$y$ 乘 0，$x$ 乘 0.9，收敛率是 0.9，比 0.8182 慢。要缩小到千分之一，0.9 要 66 步，0.8182 要 35 步。
# 但 $1/L$ 离悬崖 $2/L = 0.2$ 远，0.1818 却很近：图上最低点的右边陡得多。真正的 $L$ 只要比估计的大 10% 以上，它就发散；所以实践中宁可偏小。
# %% [markdown] lang="en" tags=["answer"]
# $\eta = 0.1$: $y$ is multiplied by 0, $x$ by 0.9, so the rate of convergence is 0.9, slower than 0.8182. To come down to a thousandth takes 66 steps with 0.9, and 35 with 0.8182.
# But $1/L$ is far from the cliff at $2/L = 0.2$, and 0.1818 is close: to the right of its lowest point the figure is much steeper. If the real $L$ is more than 10% above your estimate, it diverges; so in practice a smaller learning rate is safer.
# %% [markdown] lang="zh"
# ### 练习 · 最好的学习率 · 10 分钟
#
# 曲率在 `smallest` 和 `largest`（都是正数）之间。返回两个数：最好的学习率，以及它的收敛率。
# `best_lr(1, 10)` 是 `(0.1818…, 0.8182…)`；两个曲率相等时，收敛率是 0（只差舍入）。
# %% [markdown] lang="en"
# ### Exercise · the best learning rate · 10 min
#
# Curvatures lie between `smallest` and `largest`, both positive. Return two numbers: the best learning rate, and its rate of convergence.
# `best_lr(1, 10)` is `(0.1818…, 0.8182…)`; for two equal curvatures the rate of convergence is 0, up to rounding.
# %% exercise="best_lr" difficulty=2 importance=4 minutes=10
def best_lr(smallest: float, largest: float) -> tuple[float, float]:
    """The best learning rate for curvatures from `smallest` to `largest`, and what a step leaves of the slowest direction."""
    # solution
    return 2 / (smallest + largest), (largest - smallest) / (largest + smallest)


if __name__ == "__main__":
    if tests.test_best_lr(best_lr):
        for kappa in (2, 10, 100, 10_000):
            lr, rate = best_lr(1, kappa)
            steps = math.log(1e-6) / math.log(rate)
            print(f"kappa {kappa:6}: lr {lr:.4f}, rate {rate:.4f}, {steps:,.0f} steps to a millionth")


# %% [markdown] lang="zh" tags=["hint"]
# 从“两头一样慢”解出 $\eta$，再代回去。
# %% [markdown] lang="en" tags=["hint"]
# Solve "both ends equally slow" for $\eta$, then put it back in.
# %% [markdown] lang="zh" tags=["hint"]
# 两个答案的分母都是两个曲率之和。
# %% [markdown] lang="en" tags=["hint"]
# The sum of the two curvatures is the denominator of both answers.
# %% [markdown] lang="zh" numbers="1.75 1.875 -0.5 -0.625"
# ## 2 · 动量
# ### 把从前的梯度也算上
#
# 再看那条折线：每一步的梯度，$y$ 那一项一正一负，来回抵消；$x$ 那一项总是同一个方向，只是太小。
# 如果一步不只用现在的梯度，还用从前的呢？方向一致的会越积越大，来回变号的会互相抵消一部分。
#
# 动量（momentum）就是这样：记住一个速度（velocity）$b$，每一步先让它留下 $\beta$ 倍，加上新的梯度 $g$，再沿它走：
#
# $$b \leftarrow \beta b + g, \qquad x \leftarrow x - \eta b$$
#
# 用笔算 $\beta = 0.5$，从 $b = 0$ 开始：
#
# | 梯度 | 速度 |
# |---|---|
# | 1, 1, 1, 1 | 1, 1.5, 1.75, 1.875，趋于 2 |
# | 1, −1, 1, −1 | 1, −0.5, 0.75, −0.625，趋于 ±0.667 |
#
# 方向一致的放大到 $1/(1-\beta)$ 倍，来回变号的缩小到 $1/(1+\beta)$ 倍。$\beta = 0.9$ 时，是 10 倍和 0.53 倍。
# 所以用了动量以后，在方向一致的地方，走上几十步，就像学习率变成了 10 倍：没有动量时调好的学习率，这时可能太大。
# $b$ 就是到现在为止所有梯度的加权和，越旧的份量越小；也有人把它写成平均（新梯度乘 $1-\beta$），$\beta$ 不变时，那只相当于换一个学习率；PyTorch 的 `SGD` 默认不这样写。
# %% [markdown] lang="en" numbers="1.75 1.875 -0.5 -0.625"
# ## 2 · Momentum
# ### Count the earlier gradients too
#
# Look at the zigzag again: the $y$ part of the gradient changes sign at each step, so that the steps undo each other; its $x$ part always points the same way, but is too small.
# What if a step used not only the current gradient, but earlier ones as well? Those that agree would add up, those that alternate would partly cancel.
#
# **Momentum** does this: remember a **velocity** $b$; at each step multiply it by $\beta$, add the new gradient $g$, and step along the result:
#
# $$b \leftarrow \beta b + g, \qquad x \leftarrow x - \eta b$$
#
# By hand, with $\beta = 0.5$ and from $b = 0$:
#
# | gradients | velocities |
# |---|---|
# | 1, 1, 1, 1 | 1, 1.5, 1.75, 1.875, towards 2 |
# | 1, −1, 1, −1 | 1, −0.5, 0.75, −0.625, towards ±0.667 |
#
# In the end gradients that agree are multiplied by $1/(1-\beta)$, and those that alternate by $1/(1+\beta)$. With $\beta = 0.9$ that is 10 and 0.53.
# So with momentum, after some dozens of steps, it is as if the learning rate were 10 times as large wherever gradients agree: one that was tuned without momentum may now be too large.
# $b$ is a weighted sum of all gradients so far, and older ones have smaller weights. Some write it as an average (the new gradient times $1-\beta$); with a constant $\beta$ that only means another learning rate, and PyTorch's `SGD` doesn't do so by default.
# %%
if __name__ == "__main__":
    for gradients in ([1, 1, 1, 1], [1, -1, 1, -1]):
        velocity, seen = 0.0, []
        for g in gradients:
            velocity = 0.5 * velocity + g
            seen.append(velocity)
        print(gradients, "->", seen)


# %% [markdown] lang="zh"
# 人们常把它画成一个沉重的球滚下山坡，叫重球法（heavy ball）：球有惯性，小坑小包拦不住它，到了谷底还会冲过去再回来。
# 这只是一个比喻：这里没有质量，没有重力，步子是一下一下的；学习率太大，“球”照样会飞出山谷，真的球不会。
# %% [markdown] lang="en"
# It is often drawn as a **heavy ball** that rolls downhill: a ball has inertia, little bumps don't stop it, and at the bottom it runs on and comes back.
# That is only a picture: there is no mass here and no gravity, and the steps are jumps; with too large a learning rate this "ball" flies out of the valley, which no real ball does.
# %% [markdown] lang="zh" tags=["question"] see="momentum_rate"
# 先预测，再运行下一格。在 `ravine` 上，学习率 0.1，走 40 步；动量取 0、0.3、0.5、0.9、0.99。哪一个最后离最低点最近，哪一个最远？
# 然后拖动图上的两个滑块：固定动量 0.9，学习率调到多少，路线才不绕圈？
# %% [markdown] lang="en" tags=["question"] see="momentum_rate"
# Predict, then run the next cell. On `ravine`, with a learning rate of 0.1, for 40 steps: momentum 0, 0.3, 0.5, 0.9 and 0.99. Which gets nearest to the bottom, which ends furthest away?
# Then move the figure's two sliders: with momentum fixed at 0.9, which learning rate stops it from circling?
# %% [markdown] lang="zh" tags=["answer"]
# 0.5 最近，0.99 最远：40 步之后比没有动量还糟得多。
# “动量越大越好”是很常见的误解。动量太大，球停不下来：每步只丢掉 1% 的速度，要来回荡几百步才停得下来。
# 动量 0.9 时，滑块上的学习率都免不了绕圈：后面的公式会说明，要不绕，学习率不能超过 $(1 - \sqrt{0.9})^2/10 \approx 0.00026$，慢得没有意义。
# 而且不管学习率是多少，久了以后，每步最快也只能缩小到 $\sqrt{0.9} \approx 0.95$ 倍。
# %% [markdown] lang="en" tags=["answer"]
# 0.5 gets nearest, and 0.99 ends furthest away: after 40 steps it is much worse than no momentum at all.
# "The more momentum the better" is a very common misunderstanding. With too much momentum the ball can't stop: it loses only 1% of its velocity a step, and takes hundreds of steps to come to rest.
# With momentum 0.9 every learning rate on the slider circles: as a formula below will show, without circling it can be at most $(1 - \sqrt{0.9})^2/10 \approx 0.00026$, far too slow to be of use.
# And whatever the learning rate, in the long run a step leaves at least $\sqrt{0.9} \approx 0.95$ of the distance.
# %%
def roll(lr: float, momentum: float, n_iters: int = 41) -> Float[Tensor, "n_iters 2"]:
    """As `walk`, with a velocity."""
    place, velocity, path = torch.tensor([8.0, 2.0]), torch.zeros(2), []
    for _ in range(n_iters):
        path.append(place)
        velocity = momentum * velocity + torch.tensor([1.0, 10.0]) * place
        place = place - lr * velocity
    return torch.stack(path)


if __name__ == "__main__":
    for momentum in (0.0, 0.3, 0.5, 0.9, 0.99):
        print(f"momentum {momentum}: {roll(0.1, momentum)[-1].norm():.6f} from the bottom after 40 steps")
    rates, momenta = (0.02, 0.05, 0.1, 0.18, 0.3), (0.0, 0.3, 0.5, 0.7, 0.9)
    figures.explorer(ravine, {(lr, m): roll(lr, m) for lr in rates for m in momenta}, start=(0.1, 0.5)).show()


# %% [markdown] lang="zh"
# **读物**：Gabriel Goh，*Why Momentum Really Works*（英文，Distill 2017）。它用可以拖动的图讲同样的事：误差沿特征向量拆开，每个方向有自己的收敛率，动量相当于给条件数开平方。
# 读时想：它的滑块里，哪一块区域会振荡，哪一块会发散？你上面的图里能找到这两种吗？
# %% [markdown] lang="en"
# **Reading**: Gabriel Goh, *Why Momentum Really Works* (in English, Distill 2017). With figures that can be dragged it tells the same story: the error falls apart along eigenvectors, each direction has its own rate of convergence, and momentum takes the square root of the condition number.
# While you read: under its sliders, which region oscillates, and which diverges? Can you find both in your figure above?
# %% [markdown] lang="zh"
# ### 优化器：有记忆的对象
#
# 第 0 天的 `sgd_step` 是一个函数，忘性大：走完就什么也不记得。有了速度，就得有地方存，所以优化器是一个对象。
# 下面的 `Optimizer` 把所有优化器共有的事做好了；你写的每一个都继承它，只说一件事：*一个参数怎样更新*，即 `update`。
#
# 读的时候，留意这五处为什么这样写：
# - `list(params)`：`model.parameters()` 是生成器，走一遍就空了，不存成列表，第二步就没有参数可走。
# - `if p.grad is not None`：没有梯度的参数（比如冻结的，或这一批没用到的）整个跳过，连记忆也不动。
# - `zero_grad` 把 `.grad` 设成 `None`，而不是填 0。
# - `state[p]` 是参数 `p` 自己的记忆：一个字典，最初是空的；`setdefault(p, {})` 把它取出来，还没有时先放进一个空的。记在别处的东西，`state_dict` 不知道，存盘时就丢了。
# - 设置（学习率等）存在 `param_groups` 里，每一步都重新读：训练途中改 `group["lr"]`，下一步就生效。
# %% [markdown] lang="en"
# ### An optimiser is an object that remembers
#
# `sgd_step` of day 0 is a function, and it remembers nothing: after a step all is forgotten. A velocity must be kept somewhere, so an optimiser is an object.
# `Optimizer` below does what all optimisers have in common; each one that you write inherits from it, and says one thing only: *how one parameter is updated*, in `update`.
#
# As you read it, note why these five things are written as they are:
# - `list(params)`: `model.parameters()` is a generator, empty after one walk; without a list the second step would find no parameters.
# - `if p.grad is not None`: a parameter without a gradient (frozen, or not used in this batch) is left out entirely, and so is its memory.
# - `zero_grad` sets `.grad` to `None`, and doesn't fill it with 0.
# - `state[p]` is the memory of the parameter `p`: a dictionary, empty at first; `setdefault(p, {})` gets it; if there is none yet, it first puts in an empty one. `state_dict` doesn't know of anything kept elsewhere, so that is lost when you save.
# - Settings (learning rate and so on) are in `param_groups`, and are read again at each step: change `group["lr"]` in the middle of training, and the next step uses the new value.
# %%
class Optimizer:
    """Parameters in groups with their settings, and what is remembered of each; a subclass says how one is updated."""

    def __init__(self, params: Iterable[Tensor], **settings: Any) -> None:
        params = list(params)
        if not params:  # type(self).__name__: the name of the class, such as SGD
            raise ValueError(f"{type(self).__name__}: there are no parameters: was the generator used up before?")
        self.settings = list(settings)  # the names only: values live in the groups
        self.param_groups: list[dict[str, Any]] = [{"params": params, **settings}]
        self.state: dict[Tensor, dict[str, Any]] = {}

    def zero_grad(self) -> None:
        for p in self.params():
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            settings = {name: group[name] for name in self.settings}
            for p in group["params"]:
                if p.grad is not None:
                    self.update(p, p.grad, self.state.setdefault(p, {}), **settings)

    def update(self, p: Tensor, grad: Tensor, state: dict[str, Any], **settings: Any) -> None:
        """Changes `p` in place; what its next step needs to know goes into `state`."""
        raise NotImplementedError

    def params(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def state_dict(self) -> dict[str, Any]:
        """A copy of all that the next steps depend on, apart from the parameters and their gradients."""
        groups = [{key: value for key, value in group.items() if key != "params"} for group in self.param_groups]
        return copy.deepcopy({"param_groups": groups, "state": [self.state.get(p, {}) for p in self.params()]})

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Goes on as the optimiser that gave `saved` would; it has the same parameters in the same order."""
        saved = copy.deepcopy(saved)
        for group, settings in zip(self.param_groups, saved["param_groups"], strict=True):
            group.update(settings)
        self.state = dict(zip(self.params(), saved["state"], strict=True))


# %% [markdown] lang="zh" tags=["question"] see="SGD"
# 若 `zero_grad` 把梯度填成 0，而不是 `None`：没有动量的 SGD，结果有区别吗？有动量呢？先猜，写完 `SGD` 再试。
# %% [markdown] lang="en" tags=["question"] see="SGD"
# Suppose `zero_grad` filled gradients with 0 and not with `None`: would it make a difference for SGD without momentum? And with momentum? Guess, and try it when you have written `SGD`.
# %% [markdown] lang="zh" tags=["answer"]
# 没有动量（也没有权重衰减）时没有区别：减去 0。
# 有动量时有区别：梯度是 0 的参数还带着速度，$b \leftarrow \beta b + 0$，会继续滑行；梯度是 `None` 的整个跳过，停在原处，速度也原样留着。
# `None` 还省一份内存，并且能看出“这个参数这次没有收到梯度”。
# %% [markdown] lang="en" tags=["answer"]
# Without momentum (and weight decay) it makes none: 0 is subtracted.
# With momentum it does: a parameter whose gradient is 0 still has its velocity, $b \leftarrow \beta b + 0$, and slides on; one whose gradient is `None` is left out, stays where it is, and keeps its velocity.
# `None` also saves memory, and it shows that "this parameter has received no gradient this time".
# %% [markdown] lang="zh"
# ### 这一课对优化器的要求
#
# 从这里到结尾，每个优化器都按同样的规矩评判：
# - 每一步之后，参数都等于 PyTorch 同名优化器的（只差舍入），不论形状，也包括只有一个数的。
# - 参数就地改：还是同一个对象、同一块内存，仍是要求梯度的叶子。写成 `p = p - lr * grad`，只是让名字 `p` 指向一个新张量，模型里的还是旧的，什么也没学到。
# - 梯度 `p.grad` 的值不许动，别人还要看。也不要把这个张量本身存进 `state`，要存就存拷贝：下一步的梯度可能就写在同一个张量里。
# - 每个参数各记各的；没有梯度（`None`）的那一步，它和它的记忆都不动。全是 0 的梯度则不同，它也是梯度：速度和权重衰减照样推动参数。
# - 要记的都放进 `state`，只放张量和数（装在列表、元组里也行）：这样 `state_dict` 存盘、读回之后，走的是同样的步子。
# - 设置用传给 `update` 的那些，学习率和权重衰减可能在两步之间改变。
# - 不用 `torch.optim`；张量的就地方法（`add_`、`mul_`；`v.addcmul_(g, g, value=c)` 即 `v += c * g * g`，`m.lerp_(g, c)` 即 `m += c * (g - m)`……）随便用，`update` 里已经是 `no_grad`：更新不属于损失的计算图，不关掉记录，就地改一个要求梯度的叶子会报错。
#
# 给出的 `Optimizer` 可以不用，但对象要有它的那些方法和 `param_groups`：参数可以是生成器，没有参数时报 `ValueError`，`zero_grad` 之后 `.grad` 是 `None`。
# %% [markdown] lang="en"
# ### What this lesson asks of an optimiser
#
# From here to the end every optimiser is judged by the same rules:
# - After every step the parameters equal those of the PyTorch optimiser with the same name, up to rounding, whatever their shapes, single numbers included.
# - A parameter is changed in place: it is still the same object in the same memory, and a leaf that requires gradients. `p = p - lr * grad` only makes the name `p` stand for a new tensor; the model keeps the old one, and learns nothing.
# - The values of `p.grad` stay, since others may want to look at them. Don't put that tensor itself into `state`, only a copy: the next gradient may be written into it.
# - Each parameter has a memory of its own; in a step without a gradient (`None`) neither it nor its memory changes. A gradient of zeros is different, since it is a gradient: velocity and weight decay still move the parameter.
# - All that is remembered is in `state`, as tensors and numbers (in lists or tuples, too): then `state_dict`, saved and loaded, leads to the same steps.
# - Settings are those handed to `update`; learning rate and weight decay may change between two steps.
# - Write it without `torch.optim`; the in-place methods of tensors (`add_`, `mul_`; `v.addcmul_(g, g, value=c)` is `v += c * g * g`, `m.lerp_(g, c)` is `m += c * (g - m)` …) are free, and `update` already runs under `no_grad`: an update isn't part of the loss's graph, and changing a leaf that requires gradients in place is an error while operations are recorded.
#
# You needn't use the `Optimizer` given here, but objects must have its methods and `param_groups`: parameters may be a generator, without any there is a `ValueError`, and after `zero_grad` each `.grad` is `None`.
# %% [markdown] lang="zh"
# ### 练习 · SGD · 20 分钟
#
# 先加权重衰减（`part2_features` 里见过，那里直接缩小权重；两种写法第 4 节比较）：梯度加上 `weight_decay` 乘参数。
# `momentum` 不是 0 时，速度留下 `momentum` 倍，加上这个梯度，最初的速度是 0；沿速度走 `lr` 倍。`momentum` 是 0 时沿梯度走，也不必存速度。
# 例如 $p = 1$，梯度两步都是 2，`lr=0.1`，`momentum=0.5`：速度 2、3，$p$ 变成 0.8、0.5。
# 动量是 0 的那一步，速度不动；还没有速度的，等动量变成正数时才从 0 开始。
# %% [markdown] lang="en"
# ### Exercise · SGD · 20 min
#
# First comes weight decay: `weight_decay` times the parameter is added to the gradient. (In `part2_features` it shrank weights directly; section 4 compares the two.)
# Unless `momentum` is 0, the velocity (at first 0) is multiplied by `momentum`, and this gradient is added to it; the step is `lr` times the velocity. With `momentum` 0 the step is along the gradient, and no velocity is needed.
# With $p = 1$, a gradient of 2 in both steps, `lr=0.1` and `momentum=0.5`, for example, velocities are 2 and 3, and $p$ becomes 0.8, then 0.5.
# In a step with momentum 0 the velocity stays as it is; where there is none yet, it begins from 0 once momentum is positive.
# %% exercise="SGD" difficulty=3 importance=5 minutes=20
class SGD(Optimizer):
    """`torch.optim.SGD(params, lr, momentum, weight_decay=weight_decay)`."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def update(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], lr: float, momentum: float, weight_decay: float
    ) -> None:
        # solution
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        if momentum:
            if "velocity" not in state:
                state["velocity"] = torch.zeros_like(p)
            grad = state["velocity"].mul_(momentum).add_(grad)
        p.add_(grad, alpha=-lr)


def descend(w: Tensor, optimizer: Optimizer, steps: int) -> list[float]:
    """Where `w` is after so many steps down the ravine."""
    for _ in range(steps):
        optimizer.zero_grad()
        ravine(w[0], w[1]).backward()
        optimizer.step()
    return [round(v, 6) for v in w.tolist()]


if __name__ == "__main__":
    if tests.test_SGD(SGD):
        w = torch.tensor([8.0, 2.0], requires_grad=True)
        optimizer = SGD([w], lr=0.1, momentum=0.5)
        descend(w, optimizer, 10)
        saved, place = optimizer.state_dict(), w.detach().clone()
        print("20 steps in one go:", descend(w, optimizer, 10))
        for name, load in (("resumed with its memory:", True), ("resumed without:", False)):
            w = place.clone().requires_grad_()
            optimizer = SGD([w], lr=0.1, momentum=0.5)
            if load:
                optimizer.load_state_dict(saved)
            print(name, descend(w, optimizer, 10))


# %% [markdown] lang="zh" tags=["hint"]
# 哪一行会改动 `p.grad`？`grad += …` 是就地的，`grad = grad + …` 不是。而 `p` 呢，恰好相反。
# %% [markdown] lang="en" tags=["hint"]
# Which of your lines changes `p.grad`? `grad += …` works in place, `grad = grad + …` doesn't. For `p` you want just the opposite.
# %% [markdown] lang="zh" tags=["hint"]
# `state` 是空字典时，用 `torch.zeros_like(p)` 造一个速度放进去；不要存 `grad` 本身：新的梯度若写进同一个张量，速度也跟着变。
# %% [markdown] lang="en" tags=["hint"]
# While `state` is empty, put a velocity into it, made by `torch.zeros_like(p)`; storing `grad` itself goes wrong: when a new gradient is written into the same tensor, your velocity changes with it.
# %% [markdown] lang="zh" tags=["hint"]
# `x.add_(y, alpha=-lr)` 是 `x -= lr * y`，但不造中间张量；`x.mul_(m).add_(g)` 把两步连起来。
# %% [markdown] lang="en" tags=["hint"]
# `x.add_(y, alpha=-lr)` is `x -= lr * y` without a tensor in between; `x.mul_(m).add_(g)` is two steps in a row.
# %% [markdown] lang="zh"
# ### 练习 · 任何优化器都行 · 5 分钟
#
# 把 `opt_fn_with_sgd` 改成对任何优化器都能用：`optimizer_class` 由一个参数列表和 `optimizer_hyperparams` 里的关键字造出优化器。
# `opt_fn(fn, xy, SGD, {"lr": 0.1, "momentum": 0.5}, 40)` 走的是你的 SGD，`torch.optim.SGD` 也一样能传进来。其余规矩不变，字典也不许改动。
# %% [markdown] lang="en"
# ### Exercise · any optimiser will do · 5 min
#
# Make `opt_fn_with_sgd` work for any optimiser: `optimizer_class` makes one out of a list of parameters and the keywords in `optimizer_hyperparams`.
# `opt_fn(fn, xy, SGD, {"lr": 0.1, "momentum": 0.5}, 40)` walks by your SGD, and `torch.optim.SGD` can be passed just as well. The other rules stay, and the dictionary isn't changed.
# %% exercise="opt_fn" difficulty=1 importance=3 minutes=5
def opt_fn(
    fn: Surface,
    xy: Float[Tensor, " 2"],
    optimizer_class: Callable[..., Any],
    optimizer_hyperparams: dict[str, Any],
    n_iters: int = 100,
) -> Float[Tensor, "n_iters 2"]:
    """The places before each of `n_iters` steps down `fn` by such an optimiser, the first of them `xy`."""
    # solution
    here = xy.detach().clone().requires_grad_()
    optimizer = optimizer_class([here], **optimizer_hyperparams)
    path = here.detach().new_empty(n_iters, 2)
    for i in range(n_iters):
        path[i] = here.detach()
        optimizer.zero_grad()
        fn(here[0], here[1]).backward()
        optimizer.step()
    return path


if __name__ == "__main__":
    if tests.test_opt_fn(opt_fn) and tests.test_SGD(SGD):
        for fn in (ravine, tilted_ravine):
            path = opt_fn(fn, torch.tensor([2.0, 0.0]), SGD, {"lr": 0.1, "momentum": 0.5}, 40)
            print(f"{fn.__name__}: loss {fn(*path[0]).item():.3f}, after 39 steps {fn(*path[-1]).item():.1e}")


# %% [markdown] lang="zh" tags=["hint"]
# 只有一行不同：`**` 把字典摊成关键字参数。
# %% [markdown] lang="en" tags=["hint"]
# Only one line differs: `**` hands a dictionary over as keyword arguments.
# %% [markdown] lang="zh" numbers="0.8182 0.9802"
# ### 动量相当于给条件数开平方
#
# 沿曲率为 $\lambda$ 的方向，梯度是 $\lambda x_t$，速度可以从走过的一步看出来：$b_t = (x_{t-1} - x_t)/\eta$。代进动量的两个式子，$x_{t+1} = x_t - \eta(\beta b_t + \lambda x_t)$，整理以后，三个相邻的位置就有这样的关系：
#
# $$x_{t+1} = (1 + \beta - \eta\lambda)\,x_t - \beta\,x_{t-1}$$
#
# 每步变成 $r$ 倍的走法合不合适？把 $x_t = r^t$ 代进去，除以 $r^{t-1}$，得到 $r^2 - (1 + \beta - \eta\lambda)\,r + \beta = 0$。
# 所以 $r$ 必须是这个二次方程的根，每走一步，距离剩下 $|r|$ 倍。两个根不相等时，一般的走法是两个根各一份相加，久了就由绝对值较大的那一份说了算。
# 两个根之积是 $\beta$。没有实根时，两个根是一对共轭复数 $a \pm bi$（$i$ 是平方等于 $-1$ 的数；把 $a + bi$ 画成平面上的点 $(a, b)$，到原点的距离 $\sqrt{a^2 + b^2}$ 就是它的大小，也叫绝对值），积是 $(a + bi)(a - bi) = a^2 + b^2$，正是大小的平方，所以大小都是 $\sqrt\beta$：*不管 $\lambda$ 是多少，快慢都一样*；这时位置来回地荡，一边荡一边缩小。
# 没有实根的条件是 $(1 - \sqrt\beta)^2 < \eta\lambda < (1 + \sqrt\beta)^2$。
# 所以动量太大也有害：$\beta = 0.99$ 时，一步剩下 $\sqrt{0.99} \approx 0.995$ 倍，球要来回荡几百步。
# 让两头恰好卡在边上，$\eta\ell = (1 - \sqrt\beta)^2$，$\eta L = (1 + \sqrt\beta)^2$，相除再开方：
#
# $$\sqrt\kappa = \frac{1 + \sqrt\beta}{1 - \sqrt\beta}$$
#
# 解出的 $\sqrt\beta$ 就是最好的收敛率。它与梯度下降的公式一模一样，只是 $\kappa$ 换成了 $\sqrt\kappa$。
# 用笔算：$\kappa = 100$ 时，$\sqrt\kappa = 10$，收敛率 $9/11 \approx 0.8182$，不用动量是 0.9802；光按收敛率算，到百万分之一约要 69 步，而不是 691 步。（真的走起来要九十来步，多出来的由练习后面的问题解释。）
# 0.8182 正是没有动量时 $\kappa = 10$ 的那个数。
# %% [markdown] lang="en" numbers="0.8182 0.9802"
# ### Momentum takes the square root of the condition number
#
# Along a direction of curvature $\lambda$ the gradient is $\lambda x_t$, and the velocity can be seen from the last step: $b_t = (x_{t-1} - x_t)/\eta$. Put both into the two formulas of momentum: $x_{t+1} = x_t - \eta(\beta b_t + \lambda x_t)$; so three places in a row are related by
#
# $$x_{t+1} = (1 + \beta - \eta\lambda)\,x_t - \beta\,x_{t-1}$$
#
# Can each step simply multiply the place by some number $r$? Put in $x_t = r^t$, divide by $r^{t-1}$, and you get $r^2 - (1 + \beta - \eta\lambda)\,r + \beta = 0$.
# So $r$ must be a root of this quadratic equation, and a step leaves $|r|$ of the distance. When the two roots differ, the path in general is a sum of two parts, one for each root, and in the long run the root of larger absolute value decides.
# The product of its two roots is $\beta$. Where there is no real root, they are a pair of conjugate complex numbers $a \pm bi$ ($i$ is the number whose square is $-1$; draw $a + bi$ as the point $(a, b)$ of a plane, and its distance from the origin, $\sqrt{a^2 + b^2}$, is its size or absolute value). Their product is $(a + bi)(a - bi) = a^2 + b^2$, the square of that size; so the size is $\sqrt\beta$: *whatever $\lambda$ is, the speed is the same*; the place then swings to and fro as it comes nearer.
# There is no real root while $(1 - \sqrt\beta)^2 < \eta\lambda < (1 + \sqrt\beta)^2$.
# So too much momentum does harm: with $\beta = 0.99$ a step leaves $\sqrt{0.99} \approx 0.995$ of the distance, and the ball swings to and fro for hundreds of steps.
# Let both ends just touch: $\eta\ell = (1 - \sqrt\beta)^2$ and $\eta L = (1 + \sqrt\beta)^2$; divide, and take the root:
#
# $$\sqrt\kappa = \frac{1 + \sqrt\beta}{1 - \sqrt\beta}$$
#
# The $\sqrt\beta$ that solves this is the best rate of convergence. It has the same form as the rate of gradient descent, with $\sqrt\kappa$ in place of $\kappa$.
# By hand: for $\kappa = 100$ we have $\sqrt\kappa = 10$ and a rate of $9/11 \approx 0.8182$, against 0.9802 without momentum; by the rate alone, coming down to a millionth takes about 69 steps and not 691. (A real run takes somewhat more than 90; the question after the exercise says why.)
# And 0.8182 is just what $\kappa = 10$ gave without momentum.
# %% [markdown] lang="zh"
# ### 练习 · 重球的收敛率 · 10 分钟
#
# 条件数是 `kappa`（至少是 1）时，重球法最好的收敛率是多少？返回它。`momentum_rate(100)` 是 `0.8182…`，`momentum_rate(1)` 是 0。
# 下一格用你的 `SGD` 在 $\kappa = 100$ 的谷里量一量：理论的数和量出来的数，应当对得上。
# %% [markdown] lang="en"
# ### Exercise · the rate of the heavy ball · 10 min
#
# Return the best rate of convergence of the heavy ball at the condition number `kappa`, which is at least 1. `momentum_rate(100)` is `0.8182…`, `momentum_rate(1)` is 0.
# The cell then measures it with your `SGD` in a valley of $\kappa = 100$: what theory says and what you measure should agree.
# %% exercise="momentum_rate" difficulty=2 importance=3 minutes=10
def momentum_rate(kappa: float) -> float:
    """What a step of the best heavy ball leaves of the distance, at condition number `kappa`."""
    # solution
    return (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)


def measured_rate(path: Float[Tensor, "n_iters 2"]) -> float:
    """What a step leaves of the distance to (0, 0), over the second half of the path."""
    distance, half = path.norm(dim=1), len(path) // 2
    return float((distance[-1] / distance[half]) ** (1 / (len(path) - 1 - half)))


if __name__ == "__main__":
    if tests.test_momentum_rate(momentum_rate) and tests.test_best_lr(best_lr) and tests.test_opt_fn(opt_fn):
        steep: Surface = lambda x, y: (x.square() + 100 * y.square()) / 2  # noqa: E731
        start, paths = torch.tensor([1.0, 1.0], dtype=torch.float64), {}
        (lr, plain), heavy = best_lr(1, 100), momentum_rate(100)
        paths[plain] = opt_fn(steep, start, SGD, {"lr": lr}, 1000)
        paths[heavy] = opt_fn(steep, start, SGD, {"lr": (1 + heavy) ** 2 / 100, "momentum": heavy**2}, 1000)
        for rate, path in paths.items():
            print(f"theory {rate:.4f}, measured {measured_rate(path):.4f}")
        figures.convergence(paths).show()


# %% [markdown] lang="zh" tags=["hint"]
# 先记 $s = \sqrt\beta$，从上面最后一个式子解出 $s$。
# %% [markdown] lang="en" tags=["hint"]
# Call $s = \sqrt\beta$, and solve the last formula above for $s$.
# %% [markdown] lang="zh" tags=["hint"]
# 与 `best_lr` 的第二个数比一比：用 1 和 $\sqrt\kappa$ 代替两个曲率。
# %% [markdown] lang="en" tags=["hint"]
# Compare it with the second number of `best_lr`: with 1 and $\sqrt\kappa$ as the two curvatures.
# %% [markdown] lang="zh" numbers="0.8193 0.8182" tags=["question"] see="momentum_rate"
# 重球量出来是 0.8193，比理论的 0.8182 大一点点，走得越久越接近：为什么？再想想：实践中很少有人算 $\kappa$，常常直接取动量 0.9。按公式，这对应多大的条件数？
# %% [markdown] lang="en" numbers="0.8193 0.8182" tags=["question"] see="momentum_rate"
# The heavy ball measures 0.8193, a little above the theory's 0.8182, and the longer it runs the closer it comes: why? Now think: in practice few people compute $\kappa$; many simply take momentum 0.9. By the formula, for which condition number is that best?
# %% [markdown] lang="zh" tags=["answer"]
# 多出来的一点点，是因为两头恰好卡在边上，方程有重根：距离像 $t \cdot r^t$ 那样缩小，前面的 $t$ 要走久了才不起作用。
# 动量 0.9：$\sqrt\beta \approx 0.9487$，$\sqrt\kappa = 1.9487 / 0.0513 \approx 38$，所以 $\kappa \approx 1440$。
# %% [markdown] lang="en" tags=["answer"]
# The small difference is there because both ends just touch: there the equation has a double root, and the distance shrinks like $t \cdot r^t$, whose factor $t$ matters less and less.
# For momentum 0.9: $\sqrt\beta \approx 0.9487$, $\sqrt\kappa = 1.9487 / 0.0513 \approx 38$, and so $\kappa \approx 1440$.
# %% [markdown] lang="zh"
# ### 先看一步：Nesterov
#
# 重球在*现在*的位置量坡度，却马上要带着速度离开这里。Nesterov 动量（Nesterov momentum）的想法：先沿速度走到快要到的地方，在那里量坡度，就能提前刹车。
# 照这个想法，梯度要在前面那个位置求，不方便。PyTorch 干脆让参数就停在前面那个位置上：梯度照常求，只是更新的式子换了写法：
#
# $$b \leftarrow \beta b + g, \qquad x \leftarrow x - \eta\,(g + \beta b)$$
#
# 差别只在最后一步：不是沿 $b$ 走，而是再往前看一步，沿 $g + \beta b$ 走。
# 用笔算 $\beta = 0.5$，梯度都是 1：速度 1、1.5，步子是 $\eta$ 的 $1 + 0.5 = 1.5$ 倍、$1 + 0.75 = 1.75$ 倍；重球是 1、1.5 倍。
# %% [markdown] lang="en"
# ### Look one step ahead: Nesterov
#
# The heavy ball measures the slope at its *current* place, though its velocity is about to take it away from there. **Nesterov momentum** first goes along the velocity to where it will soon be, measures the slope there, and so can brake early.
# Written like that, gradients are needed at the place ahead, which is awkward. PyTorch simply lets the parameters stand at the place ahead: gradients are found as usual, and only the step is written in another way:
#
# $$b \leftarrow \beta b + g, \qquad x \leftarrow x - \eta\,(g + \beta b)$$
#
# Only the last part differs: the step isn't along $b$, it looks one more step ahead, along $g + \beta b$.
# By hand, with $\beta = 0.5$ and gradients of 1: velocities 1 and 1.5, and steps of $1 + 0.5 = 1.5$ and $1 + 0.75 = 1.75$ times $\eta$; those of the heavy ball are 1 and 1.5.
# %% [markdown] lang="zh"
# ### 练习 · Nesterov · 10 分钟
#
# 与 `torch.optim.SGD(…, nesterov=True)` 相等，规矩与 `SGD` 相同；`momentum` 总是正数，权重衰减照旧先加到梯度上。
# %% [markdown] lang="en"
# ### Exercise · Nesterov · 10 min
#
# It equals `torch.optim.SGD(…, nesterov=True)`, by the same rules as `SGD`; `momentum` is always positive, and weight decay is added to the gradient first, as before.
# %% exercise="Nesterov" difficulty=2 importance=3 minutes=10
class Nesterov(Optimizer):
    """`torch.optim.SGD(params, lr, momentum, weight_decay=weight_decay, nesterov=True)`."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def update(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], lr: float, momentum: float, weight_decay: float
    ) -> None:
        # solution
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        if not state:
            state["velocity"] = torch.zeros_like(p)
        velocity = state["velocity"].mul_(momentum).add_(grad)
        p.add_(grad.add(velocity, alpha=momentum), alpha=-lr)


if __name__ == "__main__":
    if tests.test_Nesterov(Nesterov) and tests.test_SGD(SGD) and tests.test_opt_fn(opt_fn):
        start, settings = torch.tensor([8.0, 2.0]), {"lr": 0.08, "momentum": 0.8}
        both = {cls.__name__: opt_fn(ravine, start, cls, settings, 31) for cls in (SGD, Nesterov)}
        for name, path in both.items():
            print(f"{name:8} is {path[-1].norm():.4f} from the bottom after 30 steps")
        figures.race(ravine, both).show()


# %% [markdown] lang="zh" tags=["hint"]
# 速度的更新与 `SGD` 一样；最后一步用的是更新*之后*的速度。
# %% [markdown] lang="en" tags=["hint"]
# The velocity is updated as in `SGD`; the last part uses the velocity *after* its update.
# %% [markdown] lang="zh" tags=["hint"]
# 公式里的 $g$ 出现两次，两次都是加了权重衰减的梯度。
# %% [markdown] lang="en" tags=["hint"]
# The formula has $g$ twice, and both times it is the gradient with the weight decay in it.
# %% [markdown] lang="zh"
# ## 3 · 每个参数一把尺子
# ### 梯度 1000 和梯度 0.001
#
# 到现在为止，所有的旋钮共用一个学习率。可是网络里各层的梯度可以差上百万倍：一个旋钮收到 1000，另一个收到 0.001。
# 学习率照顾前一个，后一个就几乎不动。
# 有一类优化器给每个旋钮一把自己的尺子。这一节你写其中的两种：RMSprop，以及用得最多的 Adam（常用的还有它的变体 AdamW，见第 4 节）。
# %% [markdown] lang="en"
# ## 3 · A scale for each parameter
# ### A gradient of 1000 and one of 0.001
#
# So far all knobs share one learning rate. But in a network the gradients of different layers may differ by a factor of a million: one knob receives 1000, another 0.001.
# With a learning rate that suits the first, the second hardly moves.
# Some optimisers give each knob a scale of its own. In this section you write two of them: RMSprop, and **Adam**, which is used most (often as its variant AdamW, section 4).
# %% [markdown] lang="zh" tags=["question"] see="RMSprop"
# 先预测，再运行下一格：两个旋钮每步的梯度总是 1000 和 0.001，学习率都是 0.01，用 PyTorch 的三种优化器走三步。SGD 的步长差一百万倍；RMSprop 和 Adam 的呢？
# %% [markdown] lang="en" tags=["question"] see="RMSprop"
# Predict, then run the next cell: two knobs always receive the gradients 1000 and 0.001, the learning rate is 0.01, and three optimisers of PyTorch take three steps. The steps of SGD differ by a factor of a million; what about those of RMSprop and Adam?
# %% [markdown] lang="zh" tags=["answer"]
# 两个旋钮的步子一样大：都除以了自己梯度的大小，剩下的几乎只有正负号。
# Adam 每步恰好走一个学习率，0.01；RMSprop 第一步走了它的 10 倍，0.1，然后才慢慢降下来。为什么是 10 倍，下面就讲。
# %% [markdown] lang="en" tags=["answer"]
# Both knobs take steps of the same size: each was divided by the size of its own gradients, and little more than the sign is left.
# Adam walks one learning rate a step, 0.01; RMSprop begins with ten times that, 0.1, and then slows down. Why ten times is what comes next.
# %%
if __name__ == "__main__":
    for cls in (torch.optim.SGD, torch.optim.RMSprop, torch.optim.Adam):
        knobs = torch.zeros(2, requires_grad=True)
        optimizer, places = cls([knobs], lr=0.01), [torch.zeros(2)]
        for _ in range(3):
            knobs.grad = torch.tensor([1000.0, 0.001])
            optimizer.step()
            places.append(knobs.detach().clone())
        steps = torch.stack(places).diff(dim=0)  # from each place to the next
        print(f"{cls.__name__:8}", [[f"{-v:.2g}" for v in step] for step in steps.tolist()])


# %% [markdown] lang="zh" numbers="0.1 0.071 0.058"
# ### RMSprop：除以梯度的大小
#
# 给每个参数记一份账 $v$：梯度*平方*的滑动平均（moving average），每步旧账占 $\alpha$，新的平方占 $1 - \alpha$：
#
# $$v \leftarrow \alpha v + (1 - \alpha)\,g^2, \qquad x \leftarrow x - \eta\,\frac{g}{\sqrt{v} + \epsilon}$$
#
# $\sqrt v$ 是近来梯度的大小（均方根，root mean square，名字里的 RMS 就是它）；$\epsilon$ 很小，只为不除以 0，加在根号*外面*。平方、开方、除法都是逐个元素做的：每个数有自己的尺子。
# 这些尺子是沿坐标轴量的：谷与坐标轴平行时，陡的、平的方向各有一把；谷斜着转 45 度，每个坐标的梯度里都混着陡和平，两把尺子差不多长，就没有多大用处。梯度下降和动量不在乎怎么转：它们只把整个梯度乘上数、加起来，谷转了，路就跟着转。
# 危险在于很小的梯度：哪怕只是噪声，除以自己的大小之后，也会走满一步。只有 $\sqrt v$ 比 $\epsilon$ 小得多的时候，才由 $\epsilon$ 说了算，步子保持很小。
#
# 用笔算：梯度总是 $g$，$\alpha = 0.99$。第一步 $v = 0.01\,g^2$，$\sqrt v = 0.1\,g$，于是步子是 $10\,\eta$，学习率 0.01 时就是 0.1；接着 $v = 0.0199\,g^2$，步子 0.071，再是 0.058。
# 因为 $v$ 从 0 开始，最初总是太小，开头的步子就太大。
# 为什么用滑动平均，而不把平方一直加起来？那样（AdaGrad 就是这样）账只增不减，步子越来越小，训练长了就几乎走不动；滑动平均忘得掉很久以前的大梯度。
# %% [markdown] lang="en" numbers="0.1 0.071 0.058"
# ### RMSprop: divide by the size of the gradients
#
# For each parameter keep an account $v$: a **moving average** of its *squared* gradients; at each step keep $\alpha$ of the old, and give the new a share of $1 - \alpha$:
#
# $$v \leftarrow \alpha v + (1 - \alpha)\,g^2, \qquad x \leftarrow x - \eta\,\frac{g}{\sqrt{v} + \epsilon}$$
#
# $\sqrt v$ is the size of recent gradients (their root mean square, hence the name); $\epsilon$ is tiny, only there so that nothing is divided by 0, and added *outside* the root. Square, root and division work on each element alone: each number has a scale of its own.
# These scales lie along the axes: in a valley along the axes the steep and the flat direction each get their own; turn it by 45 degrees, and every coordinate's gradient mixes steep and flat, both scales come out much the same, and are of little use. Gradient descent and momentum don't mind: they only multiply whole gradients and add them up, so when the valley turns, their path turns with it.
# The danger is a tiny gradient: even if it is only noise, it makes a full step once it is divided by its own size. Only where $\sqrt v$ is much smaller than $\epsilon$, $\epsilon$ decides and the step stays small.
#
# By hand, with gradients that are always $g$ and $\alpha = 0.99$: at first $v = 0.01\,g^2$ and $\sqrt v = 0.1\,g$, so the step is $10\,\eta$, which is 0.1 for a learning rate of 0.01; then $v = 0.0199\,g^2$ and the step is 0.071, then 0.058.
# Since $v$ begins at 0, it is too small at first, and the first steps are too large.
# Why a moving average, and not the sum of all squares? A sum (AdaGrad has one) only grows, so steps get smaller and smaller, and a long training nearly comes to a stop; a moving average forgets large gradients of long ago.
# %% [markdown] lang="zh"
# ### 练习 · RMSprop · 15 分钟
#
# 先把权重衰减加到梯度上，再更新 $v$（从 0 开始），算出 $g/(\sqrt v + \epsilon)$。
# `momentum` 不是 0 时，*这个商*进速度：速度留下 `momentum` 倍，加上商，沿速度走 `lr` 倍；`momentum` 是 0 时，直接沿商走 `lr` 倍。
# 例如 $p = 1$，梯度 2，`lr=0.1`，`alpha=0.75`：$v = 1$，$p$ 变成 0.8。其余规矩见第 2 节。
# %% [markdown] lang="en"
# ### Exercise · RMSprop · 15 min
#
# First add the weight decay to the gradient, then update $v$ (which begins at 0), and form $g/(\sqrt v + \epsilon)$.
# Unless `momentum` is 0, *this quotient* goes into the velocity: multiply the velocity by `momentum`, add the quotient, and step by `lr` times the velocity; with `momentum` 0, step by `lr` times the quotient.
# With $p = 1$, a gradient of 2, `lr=0.1` and `alpha=0.75`, for example, $v = 1$ and $p$ becomes 0.8. The other rules stand in section 2.
# %% exercise="RMSprop" difficulty=2 importance=4 minutes=15
class RMSprop(Optimizer):
    """`torch.optim.RMSprop(params, lr, alpha, eps, weight_decay, momentum)`."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)

    def update(
        self,
        p: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        lr: float,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
    ) -> None:
        # solution
        if not state:
            state.update(square=torch.zeros_like(p), velocity=torch.zeros_like(p))
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        size = state["square"].mul_(alpha).addcmul_(grad, grad, value=1 - alpha).sqrt().add_(eps)
        if momentum:
            p.add_(state["velocity"].mul_(momentum).addcdiv_(grad, size), alpha=-lr)
        else:
            p.addcdiv_(grad, size, value=-lr)


if __name__ == "__main__":
    if tests.test_RMSprop(RMSprop) and tests.test_opt_fn(opt_fn):
        stretched: Surface = lambda x, y: (1000 * x).square() + (0.001 * y).square()  # noqa: E731
        for cls, lr in ((torch.optim.SGD, 9e-7), (RMSprop, 0.1)):
            x, y = opt_fn(stretched, torch.tensor([8.0, 8.0]), cls, {"lr": lr}, 201)[-1].tolist()
            print(f"{cls.__name__:8} after 200 steps: x {x:.3f}, y {y:.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 需要记住哪两样东西？它们各自在什么时候第一次出现？
# %% [markdown] lang="en" tags=["hint"]
# Which two things must be remembered, and when does each of them first appear?
# %% [markdown] lang="zh" tags=["hint"]
# `v.mul_(alpha).addcmul_(grad, grad, value=…)` 更新账；要开方又不改账，用不带下划线的 `sqrt()`。
# %% [markdown] lang="en" tags=["hint"]
# `v.mul_(alpha).addcmul_(grad, grad, value=…)` updates the account; to take its root without changing it, use `sqrt()` without an underscore.
# %% [markdown] lang="zh" numbers="3.16 6.53 1.00"
# ### Adam：再加上动量，并修正开头
#
# Adam（取自 adaptive moment estimation，moment 即“矩”，这里指梯度的平均和平方的平均）记两份滑动平均：梯度的 $m$，梯度平方的 $v$；步子是 $\eta\, m / \sqrt v$。两份都从 0 开始，所以两份在开头都太小。
#
# 用笔算：梯度总是 1，$\beta_1 = 0.9$，$\beta_2 = 0.999$。第一步之后 $m = 0.1$，$v = 0.001$。
# $m$ 只有应有的 1/10，$v$ 只有 1/1000，而 $\sqrt v$ 约是 1/32。两个误差*不*抵消：$0.1/\sqrt{0.001} \approx 3.16$，步子太大，而不是太小。
#
# $m$ 是加权平均：开头的 0 每步乘 $\beta_1$，$t$ 步之后占的份额是 $\beta_1^t$，真的梯度一共只占 $1 - \beta_1^t$。除以这个份额就对了，这叫偏差修正（bias correction）：
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad x \leftarrow x - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# 第一步 $\hat m = 0.1/0.1 = 1$，$\hat v = 0.001/0.001 = 1$，步子是 1.00 个学习率。没有修正，到第十步是 6.53 倍，还在涨。
# 梯度稳定时，每个参数每步都走一个学习率那么远，梯度再大也不会更远。一个权重要从 0 走到 3，学习率 0.01 要 300 步，0.001 要 3000 步。训练短、有的参数要走很远（例如该变得很大的偏置），就看得出这个限制：损失像直线一样慢慢往下，学习率一加大就快。
# %% [markdown] lang="en" numbers="3.16 6.53 1.00"
# ### Adam: with momentum, and a corrected start
#
# Adam (from "adaptive moment estimation"; these moments are the averages of gradients and of their squares) keeps two moving averages, $m$ of the gradients and $v$ of their squares; the step is $\eta\, m / \sqrt v$. Both begin at 0, so at first both are too small.
#
# By hand, with gradients that are always 1, $\beta_1 = 0.9$ and $\beta_2 = 0.999$: after the first step $m = 0.1$ and $v = 0.001$.
# $m$ is a tenth of what it should be, $v$ a thousandth, and $\sqrt v$ about 1/32. The two errors do *not* cancel: $0.1/\sqrt{0.001} \approx 3.16$, and the step is too large, not too small.
#
# $m$ is a weighted average: the 0 it began with is multiplied by $\beta_1$ at each step, so after $t$ steps its share is $\beta_1^t$, and that of all real gradients only $1 - \beta_1^t$. Dividing by this share makes it right, and is called **bias correction**:
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad x \leftarrow x - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# At the first step $\hat m = 0.1/0.1 = 1$ and $\hat v = 0.001/0.001 = 1$: a step of 1.00 learning rate. Without the correction it is 6.53 at the tenth step, and still growing.
# While gradients are steady, each parameter moves by one learning rate a step, and large gradients don't make it move further. For a weight to get from 0 to 3 takes 300 steps with a learning rate of 0.01, and 3000 with 0.001. You notice this limit in short trainings where a parameter has far to go (a bias that must become large, say): the loss falls slowly, along a straight line, and a larger learning rate helps at once.
# %%
if __name__ == "__main__":
    m, v, raw, corrected = 0.0, 0.0, [], []
    for t in range(1, 11):
        m, v = 0.9 * m + 0.1, 0.999 * v + 0.001  # the gradient is always 1
        raw.append(m / math.sqrt(v))
        corrected.append((m / (1 - 0.9**t)) / math.sqrt(v / (1 - 0.999**t)))
    print("without correction:", *(f"{step:.2f}" for step in raw))
    print("with correction:   ", *(f"{step:.2f}" for step in corrected))
    figures.first_steps(raw, corrected).show()


# %% [markdown] lang="zh"
# ### 练习 · Adam · 20 分钟
#
# 权重衰减先加到梯度上；然后更新两份平均，修正，走一步。$\epsilon$ 加在*修正之后*的根 $\sqrt{\hat v}$ 上。
# $t$ 由每个参数自己数：只数它有梯度的步，所以 $t$ 也在 `state` 里。
# 例如 $p = 1$，第一个梯度不论是 5 还是 0.01，`lr=0.1` 时 $p$ 都变成 0.9。所以，如果只比第一步，那么 $\beta$ 写错了，或者 $t$ 一直停在 1，都看不出来：要用变化的梯度，比上好几步。其余规矩见第 2 节。
# %% [markdown] lang="en"
# ### Exercise · Adam · 20 min
#
# Weight decay is added to the gradient first; then update both averages, correct them, and take the step. $\epsilon$ is added to the root *after* its correction, to $\sqrt{\hat v}$.
# Each parameter counts its own $t$: only steps in which it has a gradient count, so $t$ is in `state` as well.
# With $p = 1$ and `lr=0.1`, for example, $p$ becomes 0.9, whether its first gradient is 5 or 0.01. So a comparison of first steps alone shows neither a wrong $\beta$ nor a $t$ that stays at 1: compare several steps, with gradients that change. The other rules stand in section 2.
# %% exercise="Adam" difficulty=3 importance=5 minutes=20
class Adam(Optimizer):
    """`torch.optim.Adam(params, lr, betas, eps, weight_decay)`."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def update(
        self,
        p: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        # solution
        if not state:
            state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        state["step"] += 1
        mean = state["mean"].lerp_(grad, 1 - betas[0])
        square = state["square"].mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
        mean_share, square_share = (1 - beta ** state["step"] for beta in betas)
        size = square.sqrt().div_(math.sqrt(square_share)).add_(eps)
        p.addcdiv_(mean, size, value=-lr / mean_share)


if __name__ == "__main__":
    if tests.test_Adam(Adam) and tests.test_opt_fn(opt_fn):
        for valley, start in ((ravine, (8.0, 2.0)), (tilted_ravine, (6 / 2**0.5, 10 / 2**0.5))):  # the same place
            for cls, lr in ((torch.optim.SGD, 0.18), (Adam, 0.3)):
                path = opt_fn(valley, torch.tensor(start), cls, {"lr": lr}, 31)
                larger = opt_fn(lambda x, y: 0.01 * valley(x, y), torch.tensor(start), cls, {"lr": lr}, 31)  # noqa: B023
                losses = f"loss after 30 steps {valley(*path[-1]).item():.4f}, on a hundredth of it {valley(*larger[-1]).item():.4f}"
                print(f"{valley.__name__:13} {cls.__name__:4} {losses}")


# %% [markdown] lang="zh" tags=["hint"]
# 三样东西要记住。哪一样是整数，又为什么不能所有参数共用？
# %% [markdown] lang="en" tags=["hint"]
# You have to remember three things. Which of them is an integer, and why can't all parameters share it?
# %% [markdown] lang="zh" tags=["hint"]
# `m.lerp_(grad, w)` 把 `m` 朝 `grad` 挪 `w` 这么大的一份：`w` 应当是 $\beta_1$，还是 $1 - \beta_1$？
# %% [markdown] lang="en" tags=["hint"]
# `m.lerp_(grad, w)` moves `m` towards `grad` by the share `w`: should `w` be $\beta_1$ or $1 - \beta_1$?
# %% [markdown] lang="zh" tags=["hint"]
# 修正不要写回 `m` 和 `v`：账要照旧记，修正只用在这一步。
# %% [markdown] lang="en" tags=["hint"]
# Don't write the corrected values back into `m` and `v`: the accounts go on as before, and the correction is for this step only.
# %% [markdown] lang="zh" tags=["question"] see="Adam"
# 有人说：“Adam 会适应曲率，学习率不用调。”上一格的四行里，哪些数支持它，哪些数反对它？
# %% [markdown] lang="en" tags=["question"] see="Adam"
# Someone says: "Adam adapts to the curvature, so its learning rate needs no tuning." In the cell's four lines, which numbers speak for it, and which against?
# %% [markdown] lang="zh" numbers="0.64 1.44 35.45" tags=["answer"]
# 支持：损失乘以 0.01，Adam 的结果四位小数都不变；SGD 则慢得多，损失从 52 出发，30 步之后还有 35.45。Adam 适应的是梯度的*大小*。
# 反对：山谷转 45 度，SGD 的损失不变，Adam 的从 0.64 变成 1.44：它的尺子是沿坐标轴一个个量的，斜着的曲率它看不见。
# 而且在这条谷里，调好的普通梯度下降比它快得多。Adam 的步子有多长，大体上由学习率定，所以学习率还是要调。
# %% [markdown] lang="en" numbers="0.64 1.44 35.45" tags=["answer"]
# For it: with the loss times 0.01 Adam ends at the same loss to four decimals. SGD gets much slower: it starts at 52, and after 30 steps is still at 35.45. What Adam adapts to is the *size* of gradients.
# Against it: turn the valley by 45 degrees, and the loss of SGD stays, while that of Adam goes from 0.64 to 1.44: its scales are measured along the axes, one by one, so it can't see curvature at an angle.
# And in this valley well-tuned gradient descent is far faster. How long a step of Adam is depends mostly on the learning rate, so that still needs tuning.
# %% [markdown] lang="zh"
# ### 两条难走的谷
#
# `rosenbrocks_banana_func` 是测试优化器的老题目：弯弯的谷，谷底几乎是平的，最低点在 $(1, 1)$。
# `pathological_curve_loss` 像网络里常见的：横着很陡，竖着很缓，而且没有最低点，只有越走越低。
# 看谁在哪里快，谁在哪里慢；不要只看终点。
# %% [markdown] lang="en"
# ### Two difficult valleys
#
# `rosenbrocks_banana_func` is an old test for optimisers: a bent valley with a nearly flat floor, lowest at $(1, 1)$.
# `pathological_curve_loss` is like what networks often have: it is steep across and gentle along, and has no lowest point; it only goes down and down.
# See which of them is fast in which part, and which is slow; don't look only at the end.
# %%
def pathological_curve_loss(x: Tensor, y: Tensor) -> Tensor:
    """A narrow trench along y, whose floor falls gently towards negative y and never ends."""
    across = x.square()
    return across / (across + 0.1) + F.softplus(y) / 2  # softplus: a ReLU without its corner


def rosenbrocks_banana_func(x: Tensor, y: Tensor, a: float = 1, b: float = 100) -> Tensor:
    """A bent valley with a nearly flat floor; lowest at (a, a²)."""
    return (a - x).square() + b * (y - x.square()).square()


if __name__ == "__main__":
    if tests.test_opt_fn(opt_fn) and tests.test_SGD(SGD) and tests.test_RMSprop(RMSprop) and tests.test_Adam(Adam):
        for fn, start, lowest, scale in (
            (rosenbrocks_banana_func, (-1.2, 1.0), (1, 1), 1.0),
            (pathological_curve_loss, (0.6, 3.0), None, 50.0),
        ):
            runs: dict[str, tuple[Any, dict[str, Any]]] = {
                "SGD": (SGD, {"lr": 0.001 * scale}),
                "SGD, momentum 0.9": (SGD, {"lr": 0.0005 * scale, "momentum": 0.9}),
                "RMSprop": (RMSprop, {"lr": 0.02}),
                "Adam": (Adam, {"lr": 0.1}),
            }
            paths = {name: opt_fn(fn, torch.tensor(start), cls, kw, 251) for name, (cls, kw) in runs.items()}
            figures.race(fn, paths, lowest).show()
# %% [markdown] lang="zh" numbers="0.17 0.41 0.03"
# 在香蕉谷里，大约 20 步之内四条路都下到了谷底（动量和 Adam 的还在横着晃），250 步之后却都还没到最低点。
# 在最低点，横着的曲率约是顺着的 2500 倍：学习率受横向的陡限制，顺着谷底的梯度又很小；谷还是弯的，这两个方向一路都在变。
#
# 谁赢了？下一格里，动量最后的损失是 0.17，胜过学习率 0.1 的 Adam（0.41）；学习率换成 0.3，Adam（0.03）又胜过动量。
# 所以只在一个曲面上、各用一个学习率比一次，说明不了哪个优化器更好：先把各自的学习率调好，再到真正的任务上比，那里有噪声，旋钮有几百万个。
# %% [markdown] lang="en" numbers="0.17 0.41 0.03"
# In the banana all four are down at the floor within about 20 steps (momentum and Adam still swing across it), but after 250 steps none has reached the lowest point.
# At the lowest point the curvature across is about 2500 times that along the floor: the steepness across limits the learning rate, and along the floor the gradient is tiny; and since the valley is bent, these two directions keep changing.
#
# Who won? In the next cell momentum ends at a loss of 0.17, ahead of Adam with a learning rate of 0.1 (0.41); with 0.3 Adam (0.03) is ahead of momentum.
# So one comparison, on one surface with one learning rate each, doesn't say which optimiser is better: first tune the learning rate of each, then compare them on the real task, with its noise and its millions of knobs.
# %%
if __name__ == "__main__":
    if tests.test_opt_fn(opt_fn) and tests.test_SGD(SGD) and tests.test_Adam(Adam):
        for cls, settings in ((SGD, {"lr": 0.0005, "momentum": 0.9}), (Adam, {"lr": 0.1}), (Adam, {"lr": 0.3})):
            path = opt_fn(rosenbrocks_banana_func, torch.tensor([-1.2, 1.0]), cls, settings, 251)
            losses = {n: round(rosenbrocks_banana_func(path[n, 0], path[n, 1]).item(), 2) for n in (0, 20, 250)}
            print(f"{cls.__name__:4} {settings}: loss after so many steps {losses}")


# %% [markdown] lang="zh"
# ## 4 · 权重衰减，参数组
# ### 同一件事，还是两件事
#
# 让权重每步缩小一点，有两种写法。
# L2 正则化（L2 regularisation；正则化是让权重小一些、少去记噪声，L2 指平方和）：损失加上 $\frac{c}{2} w^2$，于是梯度多出 $c\,w$；PyTorch 的 SGD、RMSprop 和 Adam 里的 `weight_decay` 都是这样。
# 解耦的权重衰减（decoupled weight decay）：梯度不动，每步直接把权重乘以 $1 - \eta c$。
# 在普通的 SGD 里两者相等：$w - \eta\,(g + c\,w) = (1 - \eta c)\,w - \eta g$。
# %% [markdown] lang="en"
# ## 4 · Weight decay, parameter groups
# ### One thing, or two
#
# There are two ways to let weights shrink a little at each step.
# **L2 regularisation** (to regularise is to keep weights small, so that they learn less of the noise; L2 means the sum of squares): add $\frac{c}{2} w^2$ to the loss, so that $c\,w$ is added to the gradient; that is `weight_decay` in PyTorch's SGD, RMSprop and Adam.
# **Decoupled weight decay**: leave the gradient alone, and multiply the weight by $1 - \eta c$ at each step.
# In plain SGD they are equal: $w - \eta\,(g + c\,w) = (1 - \eta c)\,w - \eta g$.
# %% [markdown] lang="zh" tags=["question"] see="AdamW"
# 先预测，再运行下一格。两个权重都从 1 开始，梯度一正一负地交替：一个是 ±1000，另一个是 ±0.001，合起来几乎不推动它们；$c = 0.1$，走 200 步。
# 用 Adam 时，哪个权重缩小得多？是梯度大的，还是梯度小的？用 AdamW 呢？
# %% [markdown] lang="en" tags=["question"] see="AdamW"
# Predict, then run the next cell. Two weights begin at 1, and their gradients alternate in sign, ±1000 for one and ±0.001 for the other, so that on the whole they hardly push; $c = 0.1$, and there are 200 steps.
# Under Adam, which weight shrinks more, the one with large gradients or the one with small ones? And under AdamW?
# %% [markdown] lang="zh" numbers="0.98 0.02 0.80" tags=["answer"]
# 用 Adam：梯度大的几乎没缩（0.98），梯度小的缩得只剩 0.02。$c\,w$ 混在梯度里，也被除以 $\sqrt{\hat v}$：梯度越大的权重，衰减越弱，这并不是我们想要的。
# 用 AdamW：两个都是 0.80，与梯度无关；$(1 - 0.001)^{200} \approx 0.82$，差的那一点来自正负交替的步子。
# %% [markdown] lang="en" numbers="0.98 0.02 0.80" tags=["answer"]
# Under Adam the one with large gradients hardly shrinks (0.98), and of the other only 0.02 is left. $c\,w$ is mixed into the gradient, and divided by $\sqrt{\hat v}$ with it: the larger a weight's gradients, the weaker its decay, and that isn't what we want.
# Under AdamW both end at 0.80, whatever their gradients; $(1 - 0.001)^{200} \approx 0.82$, and the small difference comes from the alternating steps.
# %%
if __name__ == "__main__":
    for cls in (torch.optim.Adam, torch.optim.AdamW):
        weights = torch.ones(2, requires_grad=True)
        optimizer = cls([weights], lr=0.01, weight_decay=0.1)
        for i in range(200):
            weights.grad = torch.tensor([1000.0, 0.001]) * (-1) ** i
            optimizer.step()
        print(f"{cls.__name__:5} gradients ±1000: {weights[0].item():.2f}, ±0.001: {weights[1].item():.2f}")


# %% [markdown] lang="zh"
# ### 练习 · AdamW · 10 分钟
#
# 上一格里，Adam 把 $c\,w$ 混在梯度里，一起除以 $\sqrt{\hat v}$，所以梯度大的权重几乎不衰减。AdamW 把两件事分开：
# 先把参数就地乘以 $1 - \eta c$（$c$ 是 `weight_decay`），再走一步没有权重衰减的 Adam。
# 例如 $p = 1$，`lr=0.1`，`weight_decay=0.5`，梯度是 2：先缩到 0.95，再走到 0.85。梯度是 `None` 的那一步，也不衰减。其余规矩见第 2 节。
# %% [markdown] lang="en"
# ### Exercise · AdamW · 10 min
#
# In the last cell Adam added $c\,w$ to the gradient and then divided both by $\sqrt{\hat v}$, so weights with large gradients hardly decay. AdamW keeps the two apart:
# first multiply the parameter by $1 - \eta c$ in place, where $c$ is `weight_decay`; then take a step of Adam without weight decay.
# With $p = 1$, `lr=0.1`, `weight_decay=0.5` and a gradient of 2, for example, it shrinks to 0.95, and then steps to 0.85. In a step whose gradient is `None` nothing decays either. The other rules stand in section 2.
# %% exercise="AdamW" difficulty=2 importance=4 minutes=10
class AdamW(Adam):
    """`torch.optim.AdamW(params, lr, betas, eps, weight_decay)`."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(
        self,
        p: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        # solution
        p.mul_(1 - lr * weight_decay)
        super().update(p, grad, state, lr, betas, eps, weight_decay=0.0)


if __name__ == "__main__":
    if tests.test_AdamW(AdamW):
        w = torch.ones(1, requires_grad=True)
        w.grad = torch.tensor([2.0])
        AdamW([w], lr=0.1, weight_decay=0.5).step()
        print("from 1 to", round(w.item(), 3))


# %% [markdown] lang="zh" tags=["hint"]
# `AdamW` 继承了 `Adam`：哪些事 `super().update(…)` 已经替你做了？
# %% [markdown] lang="en" tags=["hint"]
# `AdamW` inherits from `Adam`: what does `super().update(…)` do for you already?
# %% [markdown] lang="zh" tags=["hint"]
# 两行：一次就地乘法；一次调用，其中的权重衰减换成 0。
# %% [markdown] lang="en" tags=["hint"]
# Two lines: a multiplication in place, and a call in which the weight decay is 0.
# %% [markdown] lang="zh"
# ### 参数组
#
# 不是每个参数都该同样对待：偏置和批归一化的 `weight` 通常不衰减；在训练好的网络上接着训练（微调）时，主干的学习率常只有分类头的十分之一。
# 参数组（parameter group）就是一份带设置的名单。PyTorch 里，除了参数，也可以交给优化器一列字典：
#
# `SGD([{"params": body, "lr": 0.01}, {"params": head}], lr=0.1)`
#
# 第一组用自己的 0.01，第二组没有写学习率，就用后面给的 0.1；两组的 `momentum` 都用默认值。
# 训练途中，`param_groups` 就是这些字典补全以后的样子，可以一组组地改。
# %% [markdown] lang="en"
# ### Parameter groups
#
# Not every parameter should be treated alike: biases and the `weight` of a batch norm usually don't decay; when a trained network is trained further (fine-tuning), its body often gets a tenth of the learning rate of its head.
# A **parameter group** is a list of parameters with settings. In PyTorch an optimiser takes, instead of parameters, a list of dictionaries as well:
#
# `SGD([{"params": body, "lr": 0.01}, {"params": head}], lr=0.1)`
#
# The first group has its own 0.01, the second names no learning rate and takes the 0.1 given at the end; both take the default `momentum`.
# During training `param_groups` holds these dictionaries with all settings filled in, and each can be changed.
# %% [markdown] lang="zh"
# ### 练习 · 带参数组的 SGD · 20 分钟
#
# 写 `__init__`：`params` 可以和从前一样，是一列张量（列表或生成器），也可以是一列上面那样的字典（同样可以是生成器）。
# - 一组的 `"params"` 可以是一个张量，也可以是列表或生成器；组里没写的设置，用 `__init__` 的参数。
# - `param_groups` 里每组一个字典，顺序不变，`"params"` 是列表，`"lr"`、`"momentum"`、`"weight_decay"` 齐全；组里其他的键（例如 `"name"`）也留着。
# - 一个参数出现两次（两组里，或同一组里），报 `ValueError`；一个参数也没有（没有组，或者组都是空的），也报 `ValueError`；旁边有别的组时，空的组照留。
# - 传入的列表和字典不许改动；之后的 `step`、`zero_grad`、`state_dict` 照旧，每组按自己的设置走。
#
# 其余规矩见第 2 节；`update` 从你的 `SGD` 继承，格子里给出的 `listed` 可以用。
# %% [markdown] lang="en"
# ### Exercise · SGD with groups · 20 min
#
# Write `__init__`: `params` is a list or a generator, either of tensors, as before, or of dictionaries, as above.
# - The `"params"` of a group are one tensor, or a list, or a generator; settings not in the group are the arguments of `__init__`.
# - `param_groups` has a dictionary for each group, in the same order, with `"params"` as a list and all of `"lr"`, `"momentum"` and `"weight_decay"`; other keys of a group (a `"name"`, say) stay in it.
# - A parameter that occurs twice (in two groups, or in one) raises `ValueError`; no parameters at all (no groups, or only empty ones) raise `ValueError`, too; beside other groups an empty one stays.
# - The list and the dictionaries passed in don't change; `step`, `zero_grad` and `state_dict` work as before, each group by its own settings.
#
# The other rules stand in section 2; `update` is inherited from your `SGD`, and you may use `listed`, given in the cell.
# %% exercise="GroupedSGD" difficulty=3 importance=4 minutes=20
class GroupedSGD(SGD):
    """`SGD` whose parameters may come in groups with settings of their own, as in `torch.optim`."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        # solution
        given: list[Any] = list(params)
        groups = given if given and isinstance(given[0], dict) else [{"params": given}]
        groups = [group | {"params": listed(group["params"])} for group in groups]
        everything = [p for group in groups for p in group["params"]]
        if len(set(everything)) < len(everything):
            raise ValueError("GroupedSGD: a parameter occurs twice, and would be updated twice: give it to one group")
        super().__init__(everything, lr, momentum, weight_decay)
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        self.param_groups = [defaults | group for group in groups]


def listed(params: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The parameters of a group as a list; they come as one tensor, as a list or as a generator."""
    return [params] if isinstance(params, Tensor) else list(params)


if __name__ == "__main__":
    if tests.test_GroupedSGD(GroupedSGD):
        body, head = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
        optimizer = GroupedSGD([{"params": body, "lr": 0.01}, {"params": head}], lr=0.1)
        (body.sum() + head.sum()).backward()
        optimizer.step()
        print("body", [round(v, 2) for v in body.tolist()], "head", [round(v, 2) for v in head.tolist()])


# %% [markdown] lang="zh" tags=["hint"]
# 怎样看出传进来的是张量还是字典？生成器看一眼就少一个，所以先收成列表。
# %% [markdown] lang="en" tags=["hint"]
# How can you tell tensors from dictionaries? Looking at a generator takes something out of it, so make a list first.
# %% [markdown] lang="zh" tags=["hint"]
# `defaults | group` 造一个新字典：重复的键取右边的。张量能放进 `set`：按是不是同一个对象来比。
# %% [markdown] lang="en" tags=["hint"]
# `defaults | group` makes a new dictionary, and for a key in both the right one wins. Tensors can be put into a `set`: they are compared by being the same object.
# %% [markdown] lang="zh" tags=["hint"]
# 先一律变成“一列字典”，再查重复，用全部参数调用 `super().__init__`，最后换上自己的 `self.param_groups`。
# %% [markdown] lang="en" tags=["hint"]
# Turn everything into a list of dictionaries, look for repetitions, call `super().__init__` with all parameters, and in the end put your own `self.param_groups` in place.
# %% [markdown] lang="zh"
# ### 练习 · 谁衰减，谁不衰减 · 10 分钟
#
# 为一个模型造参数组：至少有两个轴的参数（权重矩阵、卷积核）用 `weight_decay`，其余的（偏置、归一化的 `weight`）用 0。
# 每个要求梯度的参数恰好在一组里，冻结的不在任何组里；每组都写明 `"weight_decay"`。组的数目和顺序不限，空的组有没有都行。
# 例如 `nn.Linear(3, 2)` 的 `weight` 衰减，`bias` 不衰减。
# %% [markdown] lang="en"
# ### Exercise · who decays, and who doesn't · 10 min
#
# Make the groups for a model: parameters of two axes or more (weight matrices, kernels) get `weight_decay`, all others (biases, the `weight` of a normalisation) get 0.
# Each parameter that requires gradients is in exactly one group, those that are frozen are in none, and each group names its `"weight_decay"`. How many groups there are, and in which order, is up to you, and so is an empty one.
# In `nn.Linear(3, 2)`, for example, `weight` decays and `bias` doesn't.
# %% exercise="decay_groups" difficulty=2 importance=3 minutes=10
def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Groups for an optimiser: parameters of two axes or more decay, others don't; what is frozen is left out."""
    # solution
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.ndim < 2], "weight_decay": 0.0},
    ]


if __name__ == "__main__":
    if tests.test_decay_groups(decay_groups):
        for group in decay_groups(SimpleMLP(), 0.1):
            print(group["weight_decay"], [tuple(p.shape) for p in group["params"]])


# %% [markdown] lang="zh" tags=["hint"]
# `p.ndim` 是轴的个数，`p.requires_grad` 说明它冻结了没有。
# %% [markdown] lang="en" tags=["hint"]
# `p.ndim` is its number of axes, and `p.requires_grad` says whether it is frozen.
# %% [markdown] lang="zh" tags=["hint"]
# 先挑出没有冻结的，再分成两个列表；每个列表是一个字典的 `"params"`。
# %% [markdown] lang="en" tags=["hint"]
# Take those that aren't frozen, divide them into two lists, and make each the `"params"` of a dictionary.
# %% [markdown] lang="zh" numbers="0.2 0.4 0.6 0.8"
# ## 5 · 学习率调度与梯度裁剪
# ### 先慢，再快，再慢
#
# 训练的不同时候，合适的学习率不同。学习率调度（learning rate schedule）说的就是第几步用多大的学习率。
# - 开头：权重是随机的，梯度往往大而乱，Adam 的 $\hat v$ 也只凭几个梯度估计。预热（warm-up）让学习率在最初若干步里从小到大，直线上升。该有而没有时，常见的样子是损失一开头就猛地跳高，很久才降回来，甚至再也不降。
# - 结尾：每一批数据的梯度都带噪声，学习率不变，参数就在最低点附近来回晃：梯度噪声的方差是 $s^2$、$\eta$ 又远小于 $2/\lambda$ 时，在 $\frac{1}{2}\lambda x^2$ 上 $x$ 的方差约为 $\eta s^2/(2\lambda)$，学习率减到十分之一，它也减到十分之一。学习率降下来，才停得住（没有噪声的尖底也是这样，见第 1 节）；一开始就小，又走得太慢。常用半个余弦：开头降得慢，中间快，最后又慢。
#
# 用笔算：共 12 步，预热 4 步，最高 0.8，最低 0。第 0 到第 3 步是 0.2、0.4、0.6、0.8；第 4 步还是最高，0.8；第 8 步正好在中间，0.4；到第 12 步降到 0。
# 也有人让预热从 0 开始，第 0 到第 4 步是 0、0.2、0.4、0.6、0.8：第 0 步等于没走，最高的学习率晚一步才到；练习里不是这样。
# %% [markdown] lang="en" numbers="0.2 0.4 0.6 0.8"
# ## 5 · Schedules and clipping
# ### Slow, then fast, then slow
#
# Different times of training want different learning rates. A **learning rate schedule** says which one is used at which step.
# - At the beginning weights are random, gradients are often large and erratic, and Adam knows $\hat v$ from a few gradients only. A **warm-up** lets the learning rate rise along a straight line over the first steps. Where it is needed and missing, the loss jumps up right at the start, and takes long to come back, or never does.
# - At the end, since the gradient of each batch is noisy, a constant learning rate keeps the parameters moving to and fro near the lowest point: if the noise of gradients has variance $s^2$ and $\eta$ is well below $2/\lambda$, then on $\frac{1}{2}\lambda x^2$ that of $x$ is about $\eta s^2/(2\lambda)$, so a tenth of the learning rate gives a tenth of it. It settles only when the rate goes down (as at a kink, even without noise: section 1); with a small one from the start the way would take too long. Half a cosine is common: slow at first, fast in the middle, slow again.
#
# By hand, with 12 steps in all, 4 of warm-up, a peak of 0.8 and a floor of 0: steps 0 to 3 have 0.2, 0.4, 0.6 and 0.8; step 4 still has the peak, 0.8; step 8 is half-way and has 0.4; at step 12 it is down to 0.
# Others begin the warm-up at 0, so that steps 0 to 4 have 0, 0.2, 0.4, 0.6 and 0.8: step 0 does nothing, and the peak comes one step later; the exercise doesn't do this.
# %% [markdown] lang="zh"
# ### 练习 · 余弦加预热 · 15 分钟
#
# 返回第 `step` 步（从 0 数起）的学习率，一个数：
# - 预热的 `warmup` 步：`peak * (step + 1) / warmup`；`warmup` 可以是 0。
# - 之后，从第 `warmup` 步的 `peak` 沿半个余弦降到第 `n_steps` 步的 `floor`：$\text{floor} + (\text{peak} - \text{floor})\,(1 + \cos \pi u)/2$，$u$ 是走过的比例，从 0 到 1。
# - 从第 `n_steps` 步起一直是 `floor`。`warmup` 不超过 `n_steps`；两者相等时，预热完就是 `floor`。
#
# `part4_experiments` 用它来训练。PyTorch 有现成的调度器（`torch.optim.lr_scheduler`），这里自己写公式。
# %% [markdown] lang="en"
# ### Exercise · a cosine with warm-up · 15 min
#
# Return the learning rate of step `step`, counted from 0, as one number:
# - In the `warmup` steps it is `peak * (step + 1) / warmup`; `warmup` may be 0.
# - Then it goes from `peak` at step `warmup` down half a cosine to `floor` at step `n_steps`: $\text{floor} + (\text{peak} - \text{floor})\,(1 + \cos \pi u)/2$, where $u$ is how much of this way is done, from 0 to 1.
# - From step `n_steps` on it is always `floor`. `warmup` is at most `n_steps`; if they are equal, `floor` follows right after the warm-up.
#
# `part4_experiments` trains with it. PyTorch has ready schedulers (`torch.optim.lr_scheduler`); here you write the formula yourself.
# %% exercise="cosine_with_warmup" difficulty=2 importance=4 minutes=15
def cosine_with_warmup(step: int, n_steps: int, warmup: int, peak: float, floor: float = 0.0) -> float:
    """The learning rate of a step: up a straight line to `peak`, then down half a cosine to `floor` at `n_steps`."""
    # solution
    if step < warmup:
        return peak * (step + 1) / warmup
    if step >= n_steps:
        return floor
    done = (step - warmup) / (n_steps - warmup)
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2


def set_lr(optimizer: Any, lr: float) -> None:
    """This learning rate in all groups from the next step on; torch's optimisers understand it as well."""
    for group in optimizer.param_groups:
        group["lr"] = lr


if __name__ == "__main__":
    if tests.test_cosine_with_warmup(cosine_with_warmup):
        print([round(cosine_with_warmup(i, 12, 4, 0.8), 2) for i in range(14)])
        figures.schedule([cosine_with_warmup(i, 500, 50, 0.003, 0.0001) for i in range(520)]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 一共三段，先判断在哪一段。哪一段里可能除以 0？那种情形要先判断。
# %% [markdown] lang="en" tags=["hint"]
# There are three parts: first decide which one the step is in. Which part could divide by 0, so that you have to test for that case first?
# %% [markdown] lang="zh" tags=["hint"]
# 走过的比例 $u$：分子、分母都减去预热的步数；分子是这一段已走的步数，分母是这一段一共的步数。
# %% [markdown] lang="en" tags=["hint"]
# For $u$, leave out the warm-up in both: steps done so far, over all steps of this part.
# %% [markdown] lang="zh"
# ### 一个坏的梯度
#
# 一批奇怪的数据，就可能给出比平时大一千倍的梯度，把普通的 SGD 一步甩出山谷。
# 梯度裁剪（gradient clipping）是一道保险：把所有参数的梯度看成一个长向量，求它的长度；超过上限，就全部乘以同一个小于 1 的数，缩到恰好等于上限。
#
# 用笔算：两个参数，梯度 $(3, 0)$ 和 $4$，合起来长度是 $\sqrt{9 + 0 + 16} = 5$。上限是 1 时，全部乘以 $1/5$，得到 $(0.6, 0)$ 和 $0.8$，长度是 1。上限是 10 时，一个也不动。
# 上限取多大？先记录一阵长度，取得比平常的略高，只剪掉罕见的。取得太低，几乎每步都被剪：普通的 SGD 就成了每步一样长，只有方向还由梯度决定；Adam 受的影响小些，各步都乘同一个数，在它那里就约掉了，变的只是各步的梯度在平均里谁重谁轻。
# %% [markdown] lang="en"
# ### One bad gradient
#
# One batch of strange data can give a gradient a thousand times larger than usual, and throw plain SGD out of the valley in a single step.
# **Gradient clipping** protects you from this: take the gradients of all parameters as one long vector, find its length, and if it is above a limit, multiply all of them by one number below 1, so that the length is just the limit.
#
# By hand: two parameters with the gradients $(3, 0)$ and $4$; as one vector their length is $\sqrt{9 + 0 + 16} = 5$. With a limit of 1 all are multiplied by $1/5$, to $(0.6, 0)$ and $0.8$, which have length 1. With a limit of 10 nothing changes.
# How large a limit? Log the length for a while, and set the limit a little above what is usual, so that only rare ones are cut. If it is too low, nearly every step is cut: plain SGD then takes steps of one length, and the gradient decides only their direction. Adam is affected less: a factor that is the same at all steps cancels in it, and what changes is only how much the gradient of each step counts in its averages.
# %% [markdown] lang="zh" tags=["question"] see="clip_grad_norm"
# 裁剪会改变梯度的方向吗？如果改成每个参数各裁各的，或者每个数各自截断到 $[-1, 1]$ 呢？用上面的三个数算一算。
# %% [markdown] lang="en" tags=["question"] see="clip_grad_norm"
# Does clipping change the direction of the gradient? And if each parameter were clipped on its own, or each number limited to $[-1, 1]$? Work it out for the three numbers above.
# %% [markdown] lang="zh" tags=["answer"]
# 不改变：$(3, 0, 4)$ 变成 $(0.6, 0, 0.8)$，每个数乘的都一样，只是变短。（带动量或 Adam 的*步子*会变一点方向：这一步的梯度在累积里的份量小了。）
# 各裁各的：$(1, 0)$ 和 $1$，合起来 $(1, 0, 1)$，方向变了；每个数截断，这里也是 $(1, 0, 1)$。原来第三个数更大，现在一样大了。
# %% [markdown] lang="en" tags=["answer"]
# It doesn't: $(3, 0, 4)$ becomes $(0.6, 0, 0.8)$, each number times the same, only shorter. (With momentum or Adam the direction of the *step* may change: this gradient has a smaller weight among the earlier ones.)
# Each on its own gives $(1, 0)$ and $1$, together $(1, 0, 1)$: another direction. Limiting each number gives $(1, 0, 1)$ here as well. The third number was larger, and now it isn't.
# %% [markdown] lang="zh"
# ### 练习 · 裁剪 · 10 分钟
#
# 把 `params` 的所有梯度看成一个向量，返回它*裁剪之前*的长度（一个数，或没有轴的张量）；长度超过 `max_norm`（正数）时，就地把每个梯度乘以同一个数，使长度等于 `max_norm`：同一个数才不改变整个向量的方向。
# 没超过就一点不动。没有梯度的参数跳过；一个梯度也没有，返回 0。`params` 可以是生成器，参数本身不动。
# 与 `torch.nn.utils.clip_grad_norm_` 相等（它在分母上加了 0.000001，加不加都行），但不要调用它。梯度都是有限的数，没有参数出现两次。（真的训练中若有一个 nan 或 inf，裁剪救不了：长度也成了 nan 或 inf；上限除以 inf 是 0，inf 乘 0 是 nan，而 nan 乘什么都是 nan。所以要看返回的长度，不是有限的数，就跳过这一步。）
# %% [markdown] lang="en"
# ### Exercise · clipping · 10 min
#
# Take all gradients of `params` as one vector, and return its length *before* clipping (as a number, or as a tensor without axes); if it is above `max_norm`, a positive number, multiply each gradient in place by one and the same number, so that the length is `max_norm`: only then the whole vector keeps its direction.
# If it isn't, nothing changes. Parameters without a gradient are left out; where there is no gradient at all, return 0. `params` may be a generator, and the parameters themselves stay.
# It equals `torch.nn.utils.clip_grad_norm_` (which adds 0.000001 to the denominator; do so or not), but don't call that. All gradients are finite, and no parameter comes twice. (If there is a nan or an inf in real training, clipping won't help: the length is nan or inf as well; the limit over inf is 0, inf times 0 is nan, and nan stays nan whatever multiplies it. So look at the length that is returned, and if it isn't finite, skip the step.)
# %% exercise="clip_grad_norm" difficulty=2 importance=4 minutes=10
def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """The length of all gradients as one vector; above `max_norm`, all are shrunk in place by one factor."""
    # solution
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.hypot(*(float(grad.norm()) for grad in grads))
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm


if __name__ == "__main__":
    if tests.test_clip_grad_norm(clip_grad_norm) and tests.test_SGD(SGD):
        losses = {"as it is": [], "clipped": []}
        for name, seen in losses.items():
            w = torch.tensor([8.0, 2.0], requires_grad=True)
            optimizer = SGD([w], lr=0.05, momentum=0.5)
            for i in range(60):
                optimizer.zero_grad()
                loss = ravine(w[0], w[1])
                (loss * (1000 if i == 30 else 1)).backward()  # one batch that is out of order
                if name == "clipped":
                    clip_grad_norm([w], max_norm=5.0)
                optimizer.step()
                seen.append(loss.item())
            print(f"{name:8} highest loss after step 30: {max(seen[31:]):.4f}")
        figures.spike(losses).show()


# %% [markdown] lang="zh" tags=["hint"]
# 各个梯度的长度，怎样合成总的长度？（平方、相加、开方。）
# %% [markdown] lang="en" tags=["hint"]
# How do the lengths of the single gradients make the whole length? (Square, add, take the root.)
# %% [markdown] lang="zh" tags=["hint"]
# 先把有梯度的收进列表（生成器只能走一遍），再求长度，再用 `mul_`。
# %% [markdown] lang="en" tags=["hint"]
# First collect the gradients into a list (a generator can be walked once), then find the length, then use `mul_`.
# %% [markdown] lang="zh"
# ### 放在一起
#
# 用你自己写的这些零件训练第 2 天的 `SimpleMLP`：AdamW，预热加余弦，裁剪。
# 每一步依次是：`zero_grad`，`backward`，裁剪，设学习率，`step`。裁剪必须在 `backward` 与 `step` 之间；设学习率只要在 `step` 之前就行。
# 裁剪若放在 `backward` 之前，裁的是什么？（什么也没有：梯度还是 `None`。）放在 `step` 之后呢？（这一步已经走完了，下一圈的 `zero_grad` 又把梯度清掉：白裁。）
# %% [markdown] lang="en"
# ### Together
#
# Train the `SimpleMLP` of day 2 by the pieces that you have written: AdamW, warm-up with a cosine, clipping.
# One turn of the loop is: `zero_grad`, `backward`, clip, set the learning rate, `step`. Clipping has to come between `backward` and `step`; the learning rate may be set anywhere before `step`.
# If you clip before `backward`, what is clipped? (Nothing: gradients are still `None`.) And after `step`? (The step has been taken, and the next turn's `zero_grad` clears the gradients: the clipping was for nothing.)
# %%
if __name__ == "__main__":
    if (
        tests.test_AdamW(AdamW)
        and tests.test_cosine_with_warmup(cosine_with_warmup)
        and tests.test_clip_grad_norm(clip_grad_norm)
    ):
        torch.manual_seed(0)
        model, (images, labels) = SimpleMLP(), get_digits(train=True)[:]
        optimizer = AdamW(model.parameters(), weight_decay=0.01)
        for i in range(200):
            batch = torch.randint(0, len(images), (64,))
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            norm = clip_grad_norm(model.parameters(), max_norm=1.0)
            set_lr(optimizer, cosine_with_warmup(i, 200, 20, 0.01))
            optimizer.step()
            if i % 40 == 0 or i == 199:
                print(
                    f"step {i:3}: loss {loss.item():.3f}, gradient {norm:.2f}, lr {optimizer.param_groups[0]['lr']:.4f}"
                )
        with torch.no_grad():
            test_images, test_labels = get_digits(train=False)[:]
            right = (model(test_images).argmax(dim=1) == test_labels).float().mean()
        print(f"held-out digits: {right:.1%} right")


# %% [markdown] lang="zh"
# ## 6 · 一次更新所有张量
# ### 许多小张量
#
# 一个 Transformer（大语言模型用的网络）有几百个参数张量，许多很小。`update` 对每个张量都要调用十来次 PyTorch，而每次调用在开始计算之前，就要花掉几微秒；张量小的时候，时间几乎全花在这上面了。
# `torch._foreach_add_(a, b)` 一次调用就做完 `a[0].add_(b[0])`、`a[1].add_(b[1])`……，这一族函数都以 `_foreach_` 开头，在 GPU 上还会合成很少几次计算。
# 名字前的下划线说明它不是公开承诺的接口。PyTorch 自己的优化器也有用它写的版本：参数在 GPU 上时默认就用，在 CPU 上默认仍一个张量一个张量地更新（除非写 `foreach=True`），所以练习后面比速度时，`torch.optim.Adam` 在 CPU 上并不快。
#
# | 一个张量 | 一列张量 |
# |---|---|
# | `m.lerp_(g, 0.1)`，即 `m += 0.1 * (g - m)` | `torch._foreach_lerp_(ms, gs, 0.1)` |
# | `v.mul_(0.9)` | `torch._foreach_mul_(vs, 0.9)` |
# | `v.addcmul_(g, g, value=0.1)`，即 `v += 0.1 * g * g` | `torch._foreach_addcmul_(vs, gs, gs, 0.1)` |
# | `s.div_(c)`，每个张量一个 `c` | `torch._foreach_div_(ss, cs)`，`cs` 是一列数 |
# | `p.addcdiv_(m, s, value=c)`，即 `p += c * m / s` | `torch._foreach_addcdiv_(ps, ms, ss, cs)` |
# | `v.sqrt()`、`g.add(p, alpha=0.1)`，得到新的 | `torch._foreach_sqrt(vs)`、`torch._foreach_add(gs, ps, alpha=0.1)`，得到新的一列 |
# %% [markdown] lang="en"
# ## 6 · All tensors in one call
# ### Many small tensors
#
# A transformer (the network of large language models) has hundreds of parameter tensors, many of them small. For each one `update` calls PyTorch about ten times, and each call takes some microseconds before it begins to compute; with small tensors nearly all the time goes there.
# `torch._foreach_add_(a, b)` does `a[0].add_(b[0])`, `a[1].add_(b[1])` and so on in one call; there is a family of these, all beginning with `_foreach_`, and on a GPU the work of such a call is merged into very few computations.
# The underscore in front says that nobody promises to keep them as they are. PyTorch's own optimisers have a version written with them. It is the default for parameters on a GPU; on a CPU they update one tensor after another unless you pass `foreach=True`, so `torch.optim.Adam` isn't fast in the comparison after the exercise if you run it on a CPU.
#
# | one tensor | a list of tensors |
# |---|---|
# | `m.lerp_(g, 0.1)`: `m += 0.1 * (g - m)` | `torch._foreach_lerp_(ms, gs, 0.1)` |
# | `v.mul_(0.9)` | `torch._foreach_mul_(vs, 0.9)` |
# | `v.addcmul_(g, g, value=0.1)`: `v += 0.1 * g * g` | `torch._foreach_addcmul_(vs, gs, gs, 0.1)` |
# | `s.div_(c)`, with a `c` for each | `torch._foreach_div_(ss, cs)`, where `cs` is a list of numbers |
# | `p.addcdiv_(m, s, value=c)`: `p += c * m / s` | `torch._foreach_addcdiv_(ps, ms, ss, cs)` |
# | `v.sqrt()`, `g.add(p, alpha=0.1)`: new ones | `torch._foreach_sqrt(vs)`, `torch._foreach_add(gs, ps, alpha=0.1)`: new lists |
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 一次更新所有张量 · 25 分钟
#
# 写 `step`，结果与 `Adam` 相等（规矩都一样，各参数仍然自己数 $t$），但用 `torch._foreach_` 系列：
# 从第二步起，500 个张量与 5 个张量时，一步里调用 PyTorch 函数的次数一样多；读 `.grad` 不算，参数第一次有梯度时为它做的也不算。一组里一个梯度也没有时，什么也不做（这一族函数遇到空列表会报错）。
# 设置在 `self.param_groups` 的每一组里，各组照旧可以有自己的。`update_all` 只是建议，可以删掉。
# 格子里的 `ops` 就是 `torch`，只是编辑器的类型检查不再抱怨带下划线的名字。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · all tensors in one call · 25 min
#
# Write `step` so that it equals `Adam` (by the same rules; each parameter still counts its own $t$), by way of the `torch._foreach_` family:
# from the second step on, a step calls PyTorch's functions as often for 500 tensors as for 5; reading `.grad` doesn't count, nor does what is done for a parameter at its first gradient. Where a group has no gradient at all, do nothing (the family fails on empty lists).
# The settings are in each group of `self.param_groups`, and groups may have their own, as before. `update_all` is only a proposal, delete it if you like.
# In the cell `ops` is `torch`, under a name for which the editor's type checker doesn't complain about underscores.
# %% exercise="ForeachAdam" difficulty=4 importance=2 minutes=25 tags=["bonus"]
ops: Any = torch


class ForeachAdam(Adam):
    """`Adam`, with one call of `torch._foreach_…` where that has one for each tensor."""

    @torch.no_grad()
    def step(self) -> None:
        # solution
        for group in self.param_groups:
            if params := [p for p in group["params"] if p.grad is not None]:
                self.update_all(params, **{name: group[name] for name in self.settings})

    def update_all(
        self, params: list[Tensor], lr: float, betas: tuple[float, float], eps: float, weight_decay: float
    ) -> None:
        """What `update` does to one parameter, for all of them."""
        # solution
        for p in params:
            if p not in self.state:
                self.state[p] = {"step": 0, "mean": torch.zeros_like(p), "square": torch.zeros_like(p)}
            self.state[p]["step"] += 1
        grads: Any = [p.grad for p in params]
        if weight_decay:
            grads = ops._foreach_add(grads, params, alpha=weight_decay)
        counts, means, squares = ([self.state[p][name] for p in params] for name in ("step", "mean", "square"))
        ops._foreach_lerp_(means, grads, 1 - betas[0])
        ops._foreach_mul_(squares, betas[1])
        ops._foreach_addcmul_(squares, grads, grads, 1 - betas[1])
        sizes = ops._foreach_sqrt(squares)
        ops._foreach_div_(sizes, [math.sqrt(1 - betas[1] ** t) for t in counts])
        ops._foreach_add_(sizes, eps)
        ops._foreach_addcdiv_(params, means, sizes, [-lr / (1 - betas[0] ** t) for t in counts])


if __name__ == "__main__":
    if tests.test_ForeachAdam(ForeachAdam) and tests.test_Adam(Adam):
        for cls in (torch.optim.Adam, Adam, ForeachAdam):
            small = [torch.randn(8, 8, requires_grad=True) for _ in range(500)]
            for p in small:
                p.grad = torch.randn(8, 8)
            optimizer = cls(small)
            optimizer.step()
            begin = time.perf_counter()
            for _ in range(10):
                optimizer.step()
            print(f"{cls.__module__:26} {cls.__name__:11} {100 * (time.perf_counter() - begin):.1f} ms a step")


# %% [markdown] lang="zh" tags=["hint"]
# 先照 `Adam.update` 一行行写成“列表版”：哪几个数是所有参数共用的，哪几个每个参数一个？
# %% [markdown] lang="en" tags=["hint"]
# Rewrite `Adam.update` for lists, line by line: which numbers are the same for all parameters, and which are different for each?
# %% [markdown] lang="zh" tags=["hint"]
# 步数 $t$ 用普通整数记在 `self.state[p]` 里，就不用调用 PyTorch；修正用的数排成一列传进去。
# %% [markdown] lang="en" tags=["hint"]
# Keep $t$ as a plain integer in `self.state[p]`, and it needs no call of PyTorch; pass the numbers for the correction as a list.
# %% [markdown] lang="zh" tags=["hint"]
# 形状：每组挑出有梯度的参数，凑齐三个列表（两份平均和步数），然后七八行 `_foreach_`。
# %% [markdown] lang="en" tags=["hint"]
# The shape: of each group take the parameters with gradients, make three lists (two averages and the counts), then seven or eight lines of `_foreach_`.
# %% [markdown] lang="zh"
# ## 7 · 这些零件还会回来
#
# `part4_experiments` 用你的优化器、调度和裁剪来训练、比较、存盘和调参；第 5 天的 GAN（两个网络互相较量，一个造假图，一个辨真假）用两个优化器，各管一个网络。
# PyTorch 的文档 *torch.optim*（英文）列出了每种优化器的伪代码。读时想：Adam 那一框里，权重衰减写在第几行？AdamW 的又在第几行？
#
# 合上书，试着说出：为什么曲率最大的方向限制学习率；$\kappa = 100$ 时两个收敛率怎么来的；动量为什么不是越大越好；RMSprop 和 Adam 适应的是什么，不适应的是什么；不修正的话，Adam 的第一步是太大还是太小；L2 和权重衰减何时相同，何时不同；裁剪改变什么，不改变什么。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 7 · Where these pieces come back
#
# `part4_experiments` uses your optimisers, schedule and clipping to train, compare, save and tune; on day 5 a GAN (two networks trained against each other: one makes pictures, the other tells them from real ones) has two optimisers, one for each network.
# PyTorch's documentation of *torch.optim* (in English) gives each optimiser in pseudocode. While you read: in the box of Adam, on which line is weight decay? And in that of AdamW?
#
# Without looking up, try to say: why the most curved direction limits the learning rate; where the two rates of convergence for $\kappa = 100$ come from; why more momentum isn't always better; what RMSprop and Adam adapt to, and what they don't; whether Adam's first step is too large or too small without correction; when L2 and weight decay are the same, and when they aren't; what clipping changes, and what it doesn't.
# Whichever you can't say, go back to its cell.
