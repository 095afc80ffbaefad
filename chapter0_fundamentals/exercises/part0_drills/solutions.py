# %% [markdown] lang="zh" order=5
# # 第 0 天 · 五十题，两种写法（上）
#
# 这里是二十五个小任务，每个写两遍：一遍用 NumPy，一遍用 PyTorch，一到五行，不写循环。
# 都是深度学习的代码里常用的：独热、掩码、取下标、累加、排名。
# 练到不用想就写得出来，脑子就能留给更要紧的事。
#
# **先修**：`part0_tensors`（轴、广播、索引、视图）；第 5 节用到 `part0_chance` 的概率分布。
# **时间**：约四小时，但不要一口气做完：每次每组各做一题，一天五题，比五十题连着做记得牢得多。
# **怎么做**：每个任务的要求，都由 `loops.py` 里的一个慢循环说明；运行练习那一格，就会打印这个循环和一个例子。先读循环，说出每一格怎样算，再写成一行。
#
# 评判的规矩，上下两课都一样：
# - 不许循环：`for`、`while`、推导式、生成器表达式（写在圆括号里的推导式，例如 `sum(x for x in xs)`）、自己调用自己；同一个文件里被它调用的函数也算。看的是语法树（Python 读代码时得到的结构），不是速度。
# - 藏着循环的也不许，就是这些：`map`、`filter`，`functools` 和 `itertools` 的 `reduce`、`accumulate`、`starmap`，NumPy 的 `vectorize`、`apply_along_axis`、`apply_over_axes`、`frompyfunc`、`fromiter`、`nditer`、`ndenumerate`、`ndindex`，张量的 `apply_` 和 `map_`。
# - `np_` 开头的收数组、还数组，不用 PyTorch；`pt_` 开头的收张量、还张量，不绕道 NumPy，也不用 `tolist`；两个库和 einops 里别的函数、Python 自己的 `sum`、`max`、`sorted` 都可以用；结果可以是输入的视图。
# - 类型：浮点输入是 float32 或 float64，几个浮点输入总是同一种，结果也是这一种（“类型与 `x` 相同”就是这个意思）；没有浮点输入，就是 float32。个数和位置是整数，哪种有符号的整数类型都行，只要放得下；掩码是布尔值。
# - 精度：浮点的结果对上前四位就行，float64 也一样；个数、位置和掩码要分毫不差，并且按输入原来的值定，不先变成 float32。NumPy 的警告不影响评判。
# - 各次调用互不相干：结果里没有上一次留下的数，上一次的结果也不会变。输入不许改动，在内存里也不一定连续；传入的整数都是 int64；每个轴至少有一个元素；除了题目提到的，值都是有限的。
# - 星级就是 `difficulty`：1 星一行，3 星要想一会儿。
# %% [markdown] lang="en" order=5
# # Day 0 · fifty drills in two libraries, part one
#
# Here are twenty-five small tasks, each to be written twice: once in NumPy and once in PyTorch, in one to five lines, without a loop.
# Code for deep learning needs them again and again: one-hot, masks, indexing, running sums, ranks.
# Once you can write them without thinking, your head is free for ideas.
#
# **You need** `part0_tensors` (axes, broadcasting, indexing, views); section 5 has probability distributions, as in `part0_chance`.
# **Time**: about four hours, but not at one go: one drill of each group, five a day, stays in memory far better than fifty in a row.
# **How to work**: a slow loop specifies each task; it is in `loops.py`, and the exercise's cell prints it, with an example. Read the loop, say how each cell is computed, then write it in a line.
#
# You are judged by the same rules in both lessons:
# - No loops: no `for`, `while`, comprehension, generator expression (a comprehension in round brackets, as in `sum(x for x in xs)`) or function that calls itself; functions of the same file that it calls count, too. What is looked at is the syntax tree (the structure that Python reads from code), not the speed.
# - Nor what hides a loop, which is exactly this: `map`, `filter`; `reduce`, `accumulate`, `starmap` of `functools` and `itertools`; NumPy's `vectorize`, `apply_along_axis`, `apply_over_axes`, `frompyfunc`, `fromiter`, `nditer`, `ndenumerate`, `ndindex`; a tensor's `apply_` and `map_`.
# - `np_` takes arrays and returns arrays, without PyTorch; `pt_` takes tensors and returns tensors, without going through NumPy or `tolist`. Every other function of the two libraries and of einops may be used, and so may Python's `sum`, `max` and `sorted`; a result may be a view of the input.
# - Dtypes: floats in the input are float32 or float64, all of one call the same, and the result is of that kind, too (“keep the dtype of `x`” means this); without floats in the input it is float32. Counts and positions have any signed integer dtype with room for them; masks are booleans.
# - Precision: for floats the first four digits are enough, in float64 as well; counts, positions and masks must be exact, by the input's own values, not by what float32 makes of them. NumPy's warnings don't count.
# - Calls have nothing to do with each other: nothing of the call before is left in a result, and the result of the call before stays as it was. Inputs stay unchanged, and need not be contiguous in memory; whole numbers in the input are int64; every axis has at least one element; values are finite, except where a drill says otherwise.
# - The stars are the `difficulty`: 1 is one line, 3 takes some thought.
# %%
import timeit

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from part0_drills import figures, loops, tests

# %% [markdown] lang="zh" tags=["question"] see="part0_tensors.normalize_rows"
# 先回想 `part0_tensors`，不要翻看：形状 $(3, 1)$ 与 $(4,)$ 相加，结果是什么形状？$(3,)$ 与 $(4,)$ 呢？
# %% [markdown] lang="en" tags=["question"] see="part0_tensors.normalize_rows"
# From `part0_tensors`, without looking up: shapes $(3, 1)$ and $(4,)$ are added; what is the shape of the sum? And what about $(3,)$ with $(4,)$?
# %% [markdown] lang="zh" tags=["answer"]
# $(3, 4)$：右边对齐，长度为 1 的轴和缺少的轴都重复。
# $(3,)$ 与 $(4,)$ 报错：3 对上 4，两个都不是 1。
# %% [markdown] lang="en" tags=["answer"]
# $(3, 4)$: the shapes are aligned from the right, and axes of length 1 or missing ones are repeated.
# $(3,)$ with $(4,)$ is an error: 3 meets 4, and neither is 1.
# %% [markdown] lang="zh"
# ## 为什么不写循环
# ### 同一件事，两种代价
#
# 十万个数，各乘 2 加 1。
# Python 的循环每一步都要查类型、造一个新的数；数组的写法只进一次编译好的代码，在里面跑完。
# 下一格量一量：差多少倍，因机器而异，通常是几十到几百倍。
# %% [markdown] lang="en"
# ## Why no loops
# ### One job, two prices
#
# A hundred thousand numbers, each times 2 plus 1.
# A loop in Python looks up types and makes a new number at each step; the array's way enters compiled code once, and runs to the end in there.
# The next cell measures: the factor depends on the machine, and is usually between some tens and some hundreds.
# %%
if __name__ == "__main__":
    values = np.arange(100_000, dtype=np.float64)
    times = {"loop": timeit.timeit(lambda: [2 * v + 1 for v in values], number=3)}
    times["array"] = timeit.timeit(lambda: 2 * values + 1, number=3)  # seconds for 3 runs; lambda: a nameless function
    print("both give the same:", np.array_equal([2 * v + 1 for v in values], 2 * values + 1))
    figures.times(times).show()

# %% [markdown] lang="zh" numbers="23 0.25 0.5 0.75 1.3"
# ## 1 · 造数组
# ### 先问：第 $(i, j)$ 个数是什么
#
# 假设要一张 3×4 的表，第 $i$ 行第 $j$ 列放 $10 i + j$。
# 循环的写法是两层 `for`，一格一格地填。
# 数组的写法只问一件事：*每一格由它的下标怎样算出来？*
# `np.arange(3)[:, None]` 是一列行号，`np.arange(4)` 是一行列号；广播把它们铺成 3×4，公式照抄就行。
# 这叫向量化（vectorisation）：不再说“一格接一格”，而是对整个数组写一个公式，循环由编译好的代码去跑。
# 手算一格：第 2 行第 3 列是 $10 \cdot 2 + 3 = 23$，在右下角。
# 公式随你写：$i + j$ 除以 2 的余数，就是黑白相间的棋盘。`//` 把商向下取整，整数还是整数：`np.arange(6) // 2` 是 $0, 0, 1, 1, 2, 2$；`/` 却把它们变成浮点数。
# 一行小数有两种造法：`np.arange(0, 1, 0.25)` 给定间隔，不含终点，是 0、0.25、0.5、0.75；`np.linspace(0, 1, 5)` 给定个数，含终点，再多一个 1。
# 终点要紧，就用 `linspace`：间隔是小数时有舍入误差，`np.arange(1, 1.3, 0.1)` 竟以 1.3 结尾。
# %% [markdown] lang="en" numbers="23 0.25 0.5 0.75 1.3"
# ## 1 · Creating
# ### First ask: what is element $(i, j)$
#
# You want a table of 3×4 with $10 i + j$ in row $i$, column $j$.
# The loop has two `for` and fills one cell after another.
# The array's way asks one thing only: *how does each cell follow from its indices?*
# `np.arange(3)[:, None]` is a column of row numbers, `np.arange(4)` a row of column numbers; broadcasting makes both 3×4, and you just copy the formula.
# This is **vectorisation**: you no longer say “cell by cell”, you write one formula for the whole array, and compiled code runs the loop.
# One cell by hand: row 2, column 3 is $10 \cdot 2 + 3 = 23$, at the lower right.
# Any formula will do: the remainder of $i + j$ divided by 2 is a chessboard. `//` rounds the quotient down, and whole numbers stay whole: `np.arange(6) // 2` is $0, 0, 1, 1, 2, 2$, while `/` makes floats of them.
# A row of fractions is made in two ways: `np.arange(0, 1, 0.25)` has a given step and no endpoint: 0, 0.25, 0.5, 0.75; `np.linspace(0, 1, 5)` has a given number of elements and the endpoint: one more, 1.
# Where the endpoint matters, take `linspace`: fractional steps are rounded, and `np.arange(1, 1.3, 0.1)` ends with 1.3 after all.
# %%
if __name__ == "__main__":
    by_loop = np.zeros((3, 4), dtype=int)
    for i in range(3):
        for j in range(4):
            by_loop[i, j] = 10 * i + j
    in_a_line = 10 * np.arange(3)[:, None] + np.arange(4)
    print(in_a_line, "the same:", np.array_equal(by_loop, in_a_line))
    print(np.arange(0, 1, 0.25), np.linspace(0, 1, 5), np.arange(1, 1.3, 0.1))
    print(np.arange(6) // 2, np.arange(6) / 2)


# %% [markdown] lang="zh" tags=["question"] see="np_causal_mask"
# `np.arange(3)[:, None] <= np.arange(4)` 的形状是什么？它的第 2 行是什么？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_causal_mask"
# What is the shape of `np.arange(3)[:, None] <= np.arange(4)`, and what is its row 2? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 形状是 $(3, 4)$，比较和加法一样会广播。
# 第 2 行问的是“$2 \le j$ 吗”，所以是两个 `False`、两个 `True`。
# 一个公式给出布尔值的表，就是掩码（mask）的来历，第 3 节细讲。
# %% [markdown] lang="en" tags=["answer"]
# Its shape is $(3, 4)$: comparisons broadcast as additions do.
# Row 2 asks whether $2 \le j$, so it has two `False`, then two `True`.
# A formula that gives a table of booleans: that is where masks come from, the subject of section 3.
# %%
if __name__ == "__main__":
    table = np.arange(3)[:, None] <= np.arange(4)
    print(table.shape, table[2])


# %% [markdown] lang="zh" numbers="0 1"
# ### 练习 · 独热编码 · 3 分钟
# 每个标签（0 到 `n_classes - 1` 的整数）变成一行：标签那一列是 1，其余是 0，一共 `n_classes` 列，类型 float32（NumPy 里也是）。
# 例如 `one_hot([2, 0], 4)` 是 `[[0, 0, 1, 0], [1, 0, 0, 0]]`。
# 分类的目标、词的输入，都可以写成这样。
# %% [markdown] lang="en" numbers="0 1"
# ### Exercise · one-hot · 3 min
# Each label, a whole number from 0 to `n_classes - 1`, becomes a row: 1 in the column of its label, 0 elsewhere, `n_classes` columns in all, of float32 (in NumPy, too).
# For example, `one_hot([2, 0], 4)` is `[[0, 0, 1, 0], [1, 0, 0, 0]]`.
# Targets of a classifier and words at a network's input can be written like this.
# %% exercise="np_one_hot" difficulty=1 importance=5 minutes=3
def np_one_hot(labels: Int[np.ndarray, " n"], n_classes: int) -> Float[np.ndarray, "n n_classes"]:
    """Row i is 1 at `labels[i]` and 0 elsewhere, in float32."""
    # solution
    return np.eye(n_classes, dtype=np.float32)[labels]


if __name__ == "__main__":
    loops.show(loops.one_hot, [2, 0], 4)
    tests.test_np_one_hot(np_one_hot)


# %% [markdown] lang="zh" tags=["hint"]
# 单位矩阵的第 2 行长什么样？怎样一次取出好几行？
# %% [markdown] lang="en" tags=["hint"]
# What does row 2 of the identity matrix look like?
# And how do you take several rows at once?
# %% [markdown] lang="zh"
# ### 练习 · 独热编码，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# `torch.nn.functional.one_hot` 也可以用，但它返回的是整数。
# %% [markdown] lang="en"
# ### Exercise · one-hot, PyTorch · 2 min
# The same in PyTorch.
# `torch.nn.functional.one_hot` may be used, but it returns whole numbers.
# %% exercise="pt_one_hot" difficulty=1 importance=5 minutes=2
def pt_one_hot(labels: Int[Tensor, " n"], n_classes: int) -> Float[Tensor, "n n_classes"]:
    """Row i is 1 at `labels[i]` and 0 elsewhere, in float32."""
    # solution
    return torch.eye(n_classes)[labels]


if __name__ == "__main__":
    tests.test_pt_one_hot(pt_one_hot)


# %% [markdown] lang="zh" tags=["hint"]
# 和 NumPy 一样，只是 `torch.eye` 默认就是 float32。
# %% [markdown] lang="en" tags=["hint"]
# As in NumPy, except that `torch.eye` is float32 by default.
# %% [markdown] lang="zh"
# ### 练习 · 因果掩码 · 3 分钟
# 一个 $n \times n$ 的布尔表：第 $i$ 行第 $j$ 列为真，当且仅当 $j \le i$。
# 例如 `causal_mask(3)` 是 `[[True, False, False], [True, True, False], [True, True, True]]`。
# 语言模型的第 $i$ 个词只许看自己和前面的词，靠的就是它。
# %% [markdown] lang="en"
# ### Exercise · a causal mask · 3 min
# An $n \times n$ table of booleans: row $i$, column $j$ is true exactly where $j \le i$.
# For example, `causal_mask(3)` is `[[True, False, False], [True, True, False], [True, True, True]]`.
# It lets word $i$ of a language model look at itself and at earlier words only.
# %% exercise="np_causal_mask" difficulty=1 importance=5 minutes=3
def np_causal_mask(n: int) -> Bool[np.ndarray, "n n"]:
    """Whether position j may be seen from position i: itself and all before it."""
    # solution
    return np.tri(n, dtype=bool)


if __name__ == "__main__":
    loops.show(loops.causal_mask, 3)
    tests.test_np_causal_mask(np_causal_mask)


# %% [markdown] lang="zh" tags=["hint"]
# 行号一列、列号一行，比一比就行；或者查一查 `np.tri`。
# %% [markdown] lang="en" tags=["hint"]
# Compare a column of row numbers with a row of column numbers; or look up `np.tri`.
# %% [markdown] lang="zh"
# ### 练习 · 因果掩码，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · a causal mask, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_causal_mask" difficulty=1 importance=5 minutes=2
def pt_causal_mask(n: int) -> Bool[Tensor, "n n"]:
    """Whether position j may be seen from position i: itself and all before it."""
    # solution
    return torch.ones(n, n, dtype=torch.bool).tril()


if __name__ == "__main__":
    tests.test_pt_causal_mask(pt_causal_mask)


# %% [markdown] lang="zh" tags=["hint"]
# `tril` 留下对角线和它以下的部分；比较两个 `arange` 也行。
# %% [markdown] lang="en" tags=["hint"]
# `tril` keeps the diagonal and what is below it; comparing two `arange` will do as well.
# %% [markdown] lang="zh" numbers="0.25 0.5 0.75 1"
# ### 练习 · 学习率预热 · 5 分钟
# 训练开头，学习率要乘一个逐步上升的倍率。
# 第 $t$ 步（从 0 数起）的倍率：前 `warm` 步均匀上升，$(t + 1)$ 除以 `warm`；之后一直是 1。
# 返回 `steps` 个数，类型 float32；`warm` 可以大于 `steps`，至少是 1。
# 例如 `warmup(5, 4)` 是 `[0.25, 0.5, 0.75, 1, 1]`。
# 训练开头，权重还是随机的，梯度往往又大又乱，步子大了容易跑偏：先用小步，稳了再放开。
# %% [markdown] lang="en" numbers="0.25 0.5 0.75 1"
# ### Exercise · warm-up of a learning rate · 5 min
# At the start of training the learning rate is multiplied by a factor that rises.
# For step $t$, counted from 0, it rises evenly in the first `warm` steps, as $(t + 1)$ over `warm`, and is 1 from then on.
# Return `steps` numbers of float32; `warm` is at least 1, and may be larger than `steps`.
# For example, `warmup(5, 4)` is `[0.25, 0.5, 0.75, 1, 1]`.
# At the start the weights are random, and gradients are often large and erratic, so that a large step may lead astray: keep steps small until training is steady.
# %% exercise="np_warmup" difficulty=2 importance=4 minutes=5
def np_warmup(steps: int, warm: int) -> Float[np.ndarray, " steps"]:
    """The factor of each step: up to 1 in `warm` equal steps, then 1; in float32."""
    # solution
    return np.minimum(np.arange(1, steps + 1, dtype=np.float32) / warm, 1)


if __name__ == "__main__":
    loops.show(loops.warmup, 5, 4)
    tests.test_np_warmup(np_warmup)


# %% [markdown] lang="zh" tags=["hint"]
# 如果一直上升，不停下来，公式是什么？
# %% [markdown] lang="en" tags=["hint"]
# If it went on rising for ever, what would the formula be?
# %% [markdown] lang="zh" tags=["hint"]
# 再把超过 1 的压成 1：逐元素取较小的那个。
# %% [markdown] lang="en" tags=["hint"]
# Then bring down to 1 what is above it: take the smaller one, element by element.
# %% [markdown] lang="zh"
# ### 练习 · 学习率预热，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# 注意：整数张量除以一个数，PyTorch 给 float32。
# %% [markdown] lang="en"
# ### Exercise · warm-up of a learning rate, PyTorch · 3 min
# The same in PyTorch.
# Note that a whole-number tensor divided by a number is float32 in PyTorch.
# %% exercise="pt_warmup" difficulty=2 importance=4 minutes=3
def pt_warmup(steps: int, warm: int) -> Float[Tensor, " steps"]:
    """The factor of each step: up to 1 in `warm` equal steps, then 1; in float32."""
    # solution
    return (torch.arange(1, steps + 1) / warm).clamp(max=1)


if __name__ == "__main__":
    tests.test_pt_warmup(pt_warmup)


# %% [markdown] lang="zh" tags=["hint"]
# NumPy 的 `minimum` 对一个数和一个数组都行；PyTorch 的只收张量。
# %% [markdown] lang="en" tags=["hint"]
# NumPy's `minimum` takes a number and an array; PyTorch's takes tensors only.
# %% [markdown] lang="zh" tags=["hint"]
# 要压住上限，查 `clamp`。
# %% [markdown] lang="en" tags=["hint"]
# To hold an upper bound, look up `clamp`.
# %% [markdown] lang="zh" numbers="-0.5 0 0.5"
# ### 练习 · 像素中心的坐标 · 5 分钟
# 把图放进一个正方形，两个方向都从 $-1$ 到 $1$，均分成 `height` 行、`width` 列。
# 返回每个像素*中心*的坐标，最后一个轴依次是 $x$（向右）、$y$（向下），形状 `height width 2`，类型 float32。
# 一行两列时，左半的中心是 $x = -0.5$，右半的是 $0.5$；只有一行，$y$ 是 0。
# 例如 `pixel_centres(1, 2)` 是 `[[[-0.5, 0], [0.5, 0]]]`。
# 光线追踪和图像变形都从这张表开始。
# %% [markdown] lang="en" numbers="-0.5 0 0.5"
# ### Exercise · centres of pixels · 5 min
# Place the picture in a square that goes from $-1$ to $1$ in both directions, divided evenly into `height` rows and `width` columns.
# Return the coordinates of each pixel's *centre*, on the last axis $x$ (to the right), then $y$ (down), of shape `height width 2` and float32.
# With one row and two columns, the left half has its centre at $x = -0.5$, the right one at $0.5$; with a single row, $y$ is 0.
# For example, `pixel_centres(1, 2)` is `[[[-0.5, 0], [0.5, 0]]]`.
# Ray tracing and the warping of images begin with this table.
# %% exercise="np_pixel_centres" difficulty=2 importance=4 minutes=5
def np_pixel_centres(height: int, width: int) -> Float[np.ndarray, "height width 2"]:
    """x and y of the centre of each pixel, in a square from -1 to 1, in float32."""
    # solution
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    return np.stack(np.meshgrid(x, y), axis=-1)


if __name__ == "__main__":
    loops.show(loops.pixel_centres, 1, 2)
    tests.test_np_pixel_centres(np_pixel_centres)


# %% [markdown] lang="zh" tags=["hint"]
# 一行里第 $j$ 个像素的中心，在总宽里占几分之几？
# %% [markdown] lang="en" tags=["hint"]
# What fraction of the whole width is the centre of pixel $j$ at?
# %% [markdown] lang="zh" tags=["hint"]
# 先各造一行 $x$ 和 $y$，再用 `meshgrid` 或广播铺成两张表，最后 `stack` 到末轴。
# %% [markdown] lang="en" tags=["hint"]
# Make a row of $x$ and one of $y$; turn them into two tables by `meshgrid` or broadcasting; `stack` them on the last axis.
# %% [markdown] lang="zh"
# ### 练习 · 像素中心的坐标，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# `meshgrid` 把一行 $x$ 和一行 $y$ 铺成两张坐标表；小心它的 `indexing`：两个库的默认不同。
# %% [markdown] lang="en"
# ### Exercise · centres of pixels, PyTorch · 3 min
# The same in PyTorch.
# `meshgrid` turns a row of $x$ and a row of $y$ into two tables of coordinates; watch its `indexing`: the two libraries have different defaults.
# %% exercise="pt_pixel_centres" difficulty=2 importance=4 minutes=3
def pt_pixel_centres(height: int, width: int) -> Float[Tensor, "height width 2"]:
    """x and y of the centre of each pixel, in a square from -1 to 1, in float32."""
    # solution
    x = (torch.arange(width) + 0.5) / width * 2 - 1
    y = (torch.arange(height) + 0.5) / height * 2 - 1
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)


if __name__ == "__main__":
    tests.test_pt_pixel_centres(pt_pixel_centres)


# %% [markdown] lang="zh" tags=["hint"]
# 哪个轴先来：行还是 $x$？`meshgrid` 的默认是哪一种？
# %% [markdown] lang="en" tags=["hint"]
# Which axis comes first, rows or $x$?
# And which is the default of `meshgrid`?
# %% [markdown] lang="zh" tags=["hint"]
# `indexing="xy"` 让第一个参数逐列变化，和 NumPy 的默认相同。
# %% [markdown] lang="en" tags=["hint"]
# With `indexing="xy"` the first argument changes from column to column: that is NumPy's default.
# %% [markdown] lang="zh" numbers="0.841 0.54 0.1 0.995 0.01 0.001 0.909 -0.416 0.199 0.98"
# ### 练习 · 位置编码 · 10 分钟
# 第 `pos` 行、第 $i$ 列（$i$ 是偶数）是 $\sin(\text{pos} / 10000^{i/d})$，紧挨着的第 $i + 1$ 列是同一个角的余弦，其中 $d$ 是 `dim`，是偶数；类型 float32。
# 手算第 1 行：$d = 8$，角是 $1$、$1 / 10$、$1 / 100$ 和 $1 / 1000$；第 2 行的角都是两倍，其中 2 大于 $\pi / 2$，余弦是负的。
# 例如 `sinusoids(3, 8)` 是 `[[0, 1, 0, 1, 0, 1, 0, 1], [0.841, 0.54, 0.1, 0.995, 0.01, 1, 0.001, 1], [0.909, -0.416, 0.199, 0.98, 0.02, 1, 0.002, 1]]`。
# 最早的 Transformer（今天的语言模型都从这种网络来）用它告诉网络每个词在哪里：慢的列像时针，快的列像秒针。
# %% [markdown] lang="en" numbers="0.841 0.54 0.1 0.995 0.01 0.001 0.909 -0.416 0.199 0.98"
# ### Exercise · encoding positions · 10 min
# In row `pos`, column $i$ (where $i$ is even) is $\sin(\text{pos} / 10000^{i/d})$, and column $i + 1$ beside it is the cosine of the same angle; $d$ is `dim`, an even number; return float32.
# Row 1 by hand, with $d = 8$: the angles are $1$, $1 / 10$, $1 / 100$ and $1 / 1000$; in row 2 they are twice as large, and 2 is above $\pi / 2$, so its cosine is negative.
# For example, `sinusoids(3, 8)` is `[[0, 1, 0, 1, 0, 1, 0, 1], [0.841, 0.54, 0.1, 0.995, 0.01, 1, 0.001, 1], [0.909, -0.416, 0.199, 0.98, 0.02, 1, 0.002, 1]]`.
# The first Transformer (the kind of network from which today's language models come) used it to tell the network where each word is: slow columns are like the hour hand, fast ones like the second hand.
# %% exercise="np_sinusoids" difficulty=3 importance=4 minutes=10
def np_sinusoids(length: int, dim: int) -> Float[np.ndarray, "length dim"]:
    """Sines in the even columns, cosines in the odd ones, from fast to slow; in float32."""
    # solution
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, dim, 2) / dim)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, dim).astype(np.float32)


if __name__ == "__main__":
    loops.show(loops.sinusoids, 3, 8)
    tests.test_np_sinusoids(np_sinusoids)


# %% [markdown] lang="zh" tags=["hint"]
# 角的表是 `length` 行、`dim / 2` 列：它是一列除以一行，各是什么？
# %% [markdown] lang="en" tags=["hint"]
# The table of angles has `length` rows and `dim / 2` columns: it is a column divided by a row, but which?
# %% [markdown] lang="zh" tags=["hint"]
# 正弦和余弦要交错：`stack` 到一个新的末轴，再把末两轴合成一个；或者填进 `[:, 0::2]` 和 `[:, 1::2]`。
# %% [markdown] lang="en" tags=["hint"]
# Sines and cosines alternate: `stack` them on a new last axis and merge the last two; or fill `[:, 0::2]` and `[:, 1::2]`.
# %% [markdown] lang="zh"
# ### 练习 · 位置编码，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · encoding positions, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_sinusoids" difficulty=3 importance=4 minutes=6
def pt_sinusoids(length: int, dim: int) -> Float[Tensor, "length dim"]:
    """Sines in the even columns, cosines in the odd ones, from fast to slow; in float32."""
    # solution
    angles = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, dim, 2) / dim)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(start_dim=1)


if __name__ == "__main__":
    if tests.test_pt_sinusoids(pt_sinusoids):
        figures.waves(pt_sinusoids(40, 32)).show()


# %% [markdown] lang="zh" tags=["hint"]
# 两个整数的 `arange` 相除，结果是什么类型？
# %% [markdown] lang="en" tags=["hint"]
# If you divide one whole-number `arange` by another, what is the dtype?
# %% [markdown] lang="zh" tags=["hint"]
# `flatten(start_dim=1)` 合并末两个轴，最后那个轴变得快。
# %% [markdown] lang="en" tags=["hint"]
# `flatten(start_dim=1)` merges the last two axes; the last one runs fast.
# %% [markdown] lang="zh" numbers="3 9"
# ## 2 · 取下标
# ### 下标也可以是数组
#
# `x[2, 1]` 取一个数。
# 整数索引（integer indexing）更进一步：方括号里放的是整数数组；每个轴都有下标数组时，结果的形状就是*下标数组的形状*，每一格各取各的。
# 几个下标数组先互相广播，然后一格一格配对：第 0 个管第 0 轴，第 1 个管第 1 轴。
# 下面的 `x` 有 3 行 4 列，放着 0 到 11。
# `x[[0, 2], [3, 1]]` 取两个数：第 0 行第 3 列的 3，和第 2 行第 1 列的 9。
# 它*不是*“第 0、2 行，第 3、1 列”的那个 2×2 的块；要块，就让行号站成一列，让它广播。
# 哪些轴留下？$(4, 5)$ 的 `a`：整数去掉一个轴，`a[1]` 是 $(5,)$；切片留着，`a[1:2]` 是 $(1, 5)$；冒号的轴整个保留，`a[:, [0, 2]]` 是 $(4, 2)$；`...` 代表没有写到的所有轴，`None` 添一个长 1 的轴，`a[..., None]` 是 $(4, 5, 1)$。倒过来：NumPy 写 `x[::-1]`，PyTorch 没有负的步长，写 `x.flip(0)`。
# 下标写在 `=` 的左边，说的是写到哪里：`x[[0, 1]] = x[[1, 0]]` 交换两行，因为右边按下标数组取出来的是拷贝。
# 切片是视图（`part0_tensors` 讲过），单独的一行 `x[0]`、一列 `x[:, 1]` 也是，拿它们来换就错了：`y` 是 $1, 2, 3, 4$，`y[:2], y[2:] = y[2:], y[:2]` 得到 $3, 4, 3, 4$，因为第一次写入已经改掉了第二次要读的数。
# %% [markdown] lang="en" numbers="3 9"
# ## 2 · Indexing
# ### An index can be an array
#
# `x[2, 1]` takes one number.
# **Integer indexing** goes further: put arrays of whole numbers in the brackets, one for each axis, and the result has the *shape of the index arrays*; each cell takes its own number.
# Several index arrays are broadcast against each other first, then paired cell by cell: the first for axis 0, the second for axis 1.
# Below, `x` has 3 rows and 4 columns and holds 0 to 11.
# `x[[0, 2], [3, 1]]` takes two numbers: the 3 in row 0, column 3, and the 9 in row 2, column 1.
# It is *not* the 2×2 block “rows 0 and 2, columns 3 and 1”; for the block, let the row numbers stand in a column, and they broadcast.
# Which axes stay? With an `a` of $(4, 5)$: a whole number takes an axis away, `a[1]` is $(5,)$; a slice keeps it, `a[1:2]` is $(1, 5)$; the axis of a colon stays whole, `a[:, [0, 2]]` is $(4, 2)$; `...` stands for all axes not written, and `None` adds one of length 1, so `a[..., None]` is $(4, 5, 1)$. Backwards is `x[::-1]` in NumPy; PyTorch has no negative steps, so there it is `x.flip(0)`.
# An index on the left of `=` says where to write: `x[[0, 1]] = x[[1, 0]]` exchanges two rows, because what the index array takes on the right is a copy.
# A slice is a view (see `part0_tensors`), and so is a single row `x[0]` or column `x[:, 1]`, which makes an exchange go wrong: with $1, 2, 3, 4$ in `y`, `y[:2], y[2:] = y[2:], y[:2]` leaves $3, 4, 3, 4$, because the first write has changed what the second one reads.
# %%
if __name__ == "__main__":
    x = np.arange(12).reshape(3, 4)
    rows, columns = np.array([0, 2]), np.array([3, 1])
    pairs = zip(rows, columns, strict=True)  # strict: an error if the lengths differ
    print("by loop:", [int(x[i, j]) for i, j in pairs], "in a line:", x[rows, columns])
    print("block:", x[rows[:, None], columns].tolist())
    y = np.arange(1, 5)
    y[:2], y[2:] = y[2:], y[:2]
    print("halves exchanged as views:", y)


# %% [markdown] lang="zh" tags=["question"] see="np_crops"
# `tokens` 的形状是 $(2, 5)$，`table` 是 $(100, 3)$。
# `table[tokens]` 的形状是什么？`table[tokens[:, :1]]` 呢？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_crops"
# `tokens` has shape $(2, 5)$ and `table` $(100, 3)$.
# What is the shape of `table[tokens]`, and of `table[tokens[:, :1]]`? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# $(2, 5, 3)$ 和 $(2, 1, 3)$：下标的形状顶替被索引的那个轴，这里是第 0 轴，所以排在最前面；没有被索引的轴原样留下。
# %% [markdown] lang="en" tags=["answer"]
# $(2, 5, 3)$ and $(2, 1, 3)$: the shape of the index takes the place of the indexed axis, which is axis 0 here, so it comes first; the axes without an index stay as they are.
# %%
if __name__ == "__main__":
    table, tokens = np.zeros((100, 3)), np.array([[1, 5, 9, 2, 2], [0, 99, 3, 4, 1]])
    print(table[tokens].shape, table[tokens[:, :1]].shape)


# %% [markdown] lang="zh" numbers="1 1.5 0 0.5"
# ### 练习 · 查表 · 3 分钟
# 每个词元（token，文本切成的小块，用整数编号，下面简称词）取 `table` 里与它的编号对应的那一行，类型与 `table` 相同。
# 例如 `embed([[0.0, 0.5], [1.0, 1.5]], [[1, 0, 1]])` 是 `[[[1, 1.5], [0, 0.5], [1, 1.5]]]`。
# 语言模型的第一层通常就是这样一张表，叫嵌入（embedding）。
# %% [markdown] lang="en" numbers="1 1.5 0 0.5"
# ### Exercise · looking up in a table · 3 min
# For each **token** (a small piece of text, known by its number) take the row of `table` that its number names, in the dtype of `table`.
# For example, `embed([[0.0, 0.5], [1.0, 1.5]], [[1, 0, 1]])` is `[[[1, 1.5], [0, 0.5], [1, 1.5]]]`.
# The first layer of a language model is usually such a table, called an **embedding**.
# %% exercise="np_embed" difficulty=1 importance=5 minutes=3
def np_embed(
    table: Float[np.ndarray, "vocab d"], tokens: Int[np.ndarray, "batch length"]
) -> Float[np.ndarray, "batch length d"]:
    """The row of `table` for each token."""
    # solution
    return table[tokens]


if __name__ == "__main__":
    loops.show(loops.embed, [[0.0, 0.5], [1.0, 1.5]], [[1, 0, 1]])
    tests.test_np_embed(np_embed)


# %% [markdown] lang="zh" tags=["hint"]
# 下标数组的形状是 `batch length`：结果的形状是什么？
# %% [markdown] lang="en" tags=["hint"]
# The index has shape `batch length`: what is the shape of the result?
# %% [markdown] lang="zh"
# ### 练习 · 查表，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · looking up in a table, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_embed" difficulty=1 importance=5 minutes=2
def pt_embed(table: Float[Tensor, "vocab d"], tokens: Int[Tensor, "batch length"]) -> Float[Tensor, "batch length d"]:
    """The row of `table` for each token."""
    # solution
    return table[tokens]


if __name__ == "__main__":
    tests.test_pt_embed(pt_embed)


# %% [markdown] lang="zh" tags=["hint"]
# 写法与 NumPy 一字不差。
# %% [markdown] lang="en" tags=["hint"]
# It is written exactly as in NumPy.
# %% [markdown] lang="zh" numbers="1 5 6"
# ### 练习 · 右移一位 · 3 分钟
# 每一行整体右移一格：最前面放 `start`，最后一个丢掉；类型与 `tokens` 相同。
# 例如 `shift_right([[5, 6, 7]], 1)` 是 `[[1, 5, 6]]`。
# 训练语言模型时，第 $t$ 个输入是第 $t - 1$ 个词，这样到第 $t$ 个输入为止，都还没有要预测的第 $t$ 个词；后面的输入由因果掩码挡住。
# %% [markdown] lang="en" numbers="1 5 6"
# ### Exercise · shifted to the right · 3 min
# Move each row by one to the right: `start` comes first, and the last token drops out; keep the dtype of `tokens`.
# For example, `shift_right([[5, 6, 7]], 1)` is `[[1, 5, 6]]`.
# When a language model is trained, its input at $t$ is the word at $t - 1$, so that the inputs up to $t$ don't contain word $t$, which it must predict; the causal mask hides the inputs after that.
# %% exercise="np_shift_right" difficulty=1 importance=4 minutes=3
def np_shift_right(tokens: Int[np.ndarray, "batch length"], start: int) -> Int[np.ndarray, "batch length"]:
    """`start`, then all but the last of each row."""
    # solution
    first = np.full_like(tokens[:, :1], start)
    return np.concatenate([first, tokens[:, :-1]], axis=1)


if __name__ == "__main__":
    loops.show(loops.shift_right, [[5, 6, 7]], 1)
    tests.test_np_shift_right(np_shift_right)


# %% [markdown] lang="zh" tags=["hint"]
# “全部去掉最后一列”怎么写？再在前面接上一列 `start`。
# %% [markdown] lang="en" tags=["hint"]
# How do you write “all but the last column”? Then join a column of `start` in front.
# %% [markdown] lang="zh"
# ### 练习 · 右移一位，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# `tokens` 不许改动。
# %% [markdown] lang="en"
# ### Exercise · shifted to the right, PyTorch · 2 min
# The same in PyTorch.
# `tokens` must stay unchanged.
# %% exercise="pt_shift_right" difficulty=1 importance=4 minutes=2
def pt_shift_right(tokens: Int[Tensor, "batch length"], start: int) -> Int[Tensor, "batch length"]:
    """`start`, then all but the last of each row."""
    # solution
    first = torch.full_like(tokens[:, :1], start)
    return torch.cat([first, tokens[:, :-1]], dim=1)


if __name__ == "__main__":
    tests.test_pt_shift_right(pt_shift_right)


# %% [markdown] lang="zh" tags=["hint"]
# PyTorch 里把几段接起来的函数叫 `cat`；`torch.roll` 之后改第一列也行，它给的是拷贝。
# %% [markdown] lang="en" tags=["hint"]
# PyTorch's function that joins pieces is `cat`; `torch.roll` and a new first column will do as well, since it copies.
# %% [markdown] lang="zh" numbers="2.5 4"
# ### 练习 · 每行取一个 · 5 分钟
# 第 $i$ 行取第 `labels[i]` 列的那个数。
# 例如 `picked([[1.5, 2.5, 0.5], [4.0, 5.0, 6.0]], [1, 0])` 是 `[2.5, 4]`。
# 分数若是各类概率的对数，取出来的就是正确类别的，变号再平均就是交叉熵。
# %% [markdown] lang="en" numbers="2.5 4"
# ### Exercise · one of each row · 5 min
# From each row $i$, take the number in column `labels[i]`.
# For example, `picked([[1.5, 2.5, 0.5], [4.0, 5.0, 6.0]], [1, 0])` is `[2.5, 4]`.
# If the scores are the logarithms of probabilities, these are the ones of the right classes, and minus their mean is the cross-entropy.
# %% exercise="np_picked" difficulty=2 importance=5 minutes=5
def np_picked(
    scores: Float[np.ndarray, "batch classes"], labels: Int[np.ndarray, " batch"]
) -> Float[np.ndarray, " batch"]:
    """`scores[i, labels[i]]` for each i."""
    # solution
    return scores[np.arange(len(labels)), labels]


if __name__ == "__main__":
    loops.show(loops.picked, [[1.5, 2.5, 0.5], [4.0, 5.0, 6.0]], [1, 0])
    tests.test_np_picked(np_picked)


# %% [markdown] lang="zh" tags=["hint"]
# `scores[:, labels]` 的形状是什么？为什么不对？
# %% [markdown] lang="en" tags=["hint"]
# What is the shape of `scores[:, labels]`, and why is it wrong?
# %% [markdown] lang="zh" tags=["hint"]
# 行号也要给：两个下标数组配成对，行号是 0、1、2……
# %% [markdown] lang="en" tags=["hint"]
# Give the row numbers, too: two index arrays make pairs, and the rows are 0, 1, 2 …
# %% [markdown] lang="zh"
# ### 练习 · 每行取一个，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# `gather` 也行；小心它要求下标与数据的轴一样多。
# %% [markdown] lang="en"
# ### Exercise · one of each row, PyTorch · 3 min
# The same in PyTorch.
# `gather` will do as well, but it needs an index with as many axes as the data.
# %% exercise="pt_picked" difficulty=2 importance=5 minutes=3
def pt_picked(scores: Float[Tensor, "batch classes"], labels: Int[Tensor, " batch"]) -> Float[Tensor, " batch"]:
    """`scores[i, labels[i]]` for each i."""
    # solution
    return scores[torch.arange(len(labels)), labels]


if __name__ == "__main__":
    tests.test_pt_picked(pt_picked)


# %% [markdown] lang="zh" tags=["hint"]
# 从 `scores[:, labels]` 里取对角线也对，但它要花多少内存？
# %% [markdown] lang="en" tags=["hint"]
# The diagonal of `scores[:, labels]` is right as well, but how much memory does it take?
# %% [markdown] lang="zh" tags=["hint"]
# `arange` 给行号；或者 `gather(1, labels[:, None])`，再去掉那个轴。
# %% [markdown] lang="en" tags=["hint"]
# `arange` gives the row numbers; or `gather(1, labels[:, None])`, and then take off the extra axis.
# %% [markdown] lang="zh" numbers="3 4 5 6"
# ### 练习 · 每个序列的最后一步 · 5 分钟
# 一批序列在末尾补齐到了同样的长度，第 $i$ 个只有前 `lengths[i]` 步是真的（至少一步）。
# 取每个序列最后一个真的那一步的向量。
# 例如 `last_states([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [0.0, 0.0]]], [2, 1])` 是 `[[3, 4], [5, 6]]`。
# 逐词读句子的网络，每读一个词就更新一个向量，叫状态（state）；用最后的状态给整句话分类时，取错了，就是在给补上的东西分类。
# %% [markdown] lang="en" numbers="3 4 5 6"
# ### Exercise · the last step of each sequence · 5 min
# A batch of sequences was filled up to one length (the filling is called padding); of sequence $i$ only the first `lengths[i]` steps are real (at least one).
# Take the vector of each sequence's last real step.
# For example, `last_states([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [0.0, 0.0]]], [2, 1])` is `[[3, 4], [5, 6]]`.
# A network that reads word by word updates a vector, its state, at each word; if the last state classifies the whole sentence, taking the wrong one means classifying padding.
# %% exercise="np_last_states" difficulty=2 importance=4 minutes=5
def np_last_states(
    states: Float[np.ndarray, "batch length d"], lengths: Int[np.ndarray, " batch"]
) -> Float[np.ndarray, "batch d"]:
    """`states[i, lengths[i] - 1]` for each i."""
    # solution
    return states[np.arange(len(lengths)), lengths - 1]


if __name__ == "__main__":
    loops.show(loops.last_states, [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [0.0, 0.0]]], [2, 1])
    tests.test_np_last_states(np_last_states)


# %% [markdown] lang="zh" tags=["hint"]
# 长度是 $3$ 的序列，最后一步的下标是几？
# %% [markdown] lang="en" tags=["hint"]
# In a sequence of length $3$, what is the index of the last step?
# %% [markdown] lang="zh" tags=["hint"]
# 与上一题相同：两个下标数组配对；没有被索引的末轴自己留着。
# %% [markdown] lang="en" tags=["hint"]
# As in the last drill: two index arrays in pairs; the last axis has no index and stays.
# %% [markdown] lang="zh"
# ### 练习 · 每个序列的最后一步，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · the last step of each sequence, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_last_states" difficulty=2 importance=4 minutes=3
def pt_last_states(states: Float[Tensor, "batch length d"], lengths: Int[Tensor, " batch"]) -> Float[Tensor, "batch d"]:
    """`states[i, lengths[i] - 1]` for each i."""
    # solution
    return states[torch.arange(len(lengths)), lengths - 1]


if __name__ == "__main__":
    tests.test_pt_last_states(pt_last_states)


# %% [markdown] lang="zh" tags=["hint"]
# 用 `gather` 时，下标要有几个轴？
# %% [markdown] lang="en" tags=["hint"]
# With `gather`, how many axes must the index have?
# %% [markdown] lang="zh" tags=["hint"]
# 整数索引更短：写法与 NumPy 相同，只换 `arange` 的来处。
# %% [markdown] lang="en" tags=["hint"]
# Integer indexing is shorter: as in NumPy, with the other library's `arange`.
# %% [markdown] lang="zh" numbers="3 4 6 7"
# ### 练习 · 每张图裁一块 · 10 分钟
# 从第 $i$ 张图裁出边长 `size` 的正方形，左上角在第 `tops[i]` 行、第 `lefts[i]` 列；每张图的位置不同，都不越界。
# 例如 `crops([[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]], [1], [0], 2)` 是 `[[[3, 4], [6, 7]]]`。
# 第一次写，前两行已经给出：每张图要哪几行。
# 随机裁剪是最常用的数据增强（训练时给图片加一点变化）之一；不用循环，就能整批一次做完。
# %% [markdown] lang="en" numbers="3 4 6 7"
# ### Exercise · a crop of each image · 10 min
# From image $i$ cut a square of side `size` whose upper left corner is in row `tops[i]`, column `lefts[i]`; the places differ from image to image, and no square goes beyond the edge.
# For example, `crops([[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]], [1], [0], 2)` is `[[[3, 4], [6, 7]]]`.
# The first two lines are given: they say which rows each image needs.
# Random crops are one of the most common ways to vary training images; without a loop the whole batch is done at once.
# %% exercise="np_crops" difficulty=3 importance=4 minutes=10
def np_crops(
    images: Float[np.ndarray, "batch height width"],
    tops: Int[np.ndarray, " batch"],
    lefts: Int[np.ndarray, " batch"],
    size: int,
) -> Float[np.ndarray, "batch size size"]:
    """A square of each image, from its own place."""
    steps = np.arange(size)
    rows = tops[:, None] + steps  # batch size: the rows of each crop
    # solution
    columns = lefts[:, None] + steps
    return images[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]


if __name__ == "__main__":
    loops.show(loops.crops, [[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]], [1], [0], 2)
    tests.test_np_crops(np_crops)


# %% [markdown] lang="zh" tags=["hint"]
# 结果的第 $(b, i, j)$ 格从原来的哪一格来？写出三个下标的公式。
# %% [markdown] lang="en" tags=["hint"]
# Which cell of the input does cell $(b, i, j)$ of the result come from?
# Write down its three indices.
# %% [markdown] lang="zh" tags=["hint"]
# `tops` 和 `lefts` 各加一行 `arange`，不变的轴长度是 1；三个下标数组一起广播成结果的形状。
# %% [markdown] lang="en" tags=["hint"]
# Three index arrays: `tops` and `lefts` plus an `arange`, each with axes of length 1 where it doesn't vary, so that together they broadcast to the result's shape.
# %% [markdown] lang="zh"
# ### 练习 · 每张图裁一块，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · a crop of each image, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_crops" difficulty=3 importance=4 minutes=6
def pt_crops(
    images: Float[Tensor, "batch height width"], tops: Int[Tensor, " batch"], lefts: Int[Tensor, " batch"], size: int
) -> Float[Tensor, "batch size size"]:
    """A square of each image, from its own place."""
    # solution
    steps = torch.arange(size)
    rows = tops[:, None] + steps
    columns = lefts[:, None] + steps
    return images[torch.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]


if __name__ == "__main__":
    tests.test_pt_crops(pt_crops)


# %% [markdown] lang="zh" tags=["hint"]
# 把 NumPy 答案里的哪几个字换掉就行了？
# %% [markdown] lang="en" tags=["hint"]
# Which few words of the NumPy answer must change?
# %% [markdown] lang="zh" tags=["hint"]
# `None` 插轴、广播、整数索引，两个库都一样。
# %% [markdown] lang="en" tags=["hint"]
# Axes by `None`, broadcasting, integer indexing: the same in both libraries.
# %% [markdown] lang="zh" numbers="3 4 7"
# ## 3 · 掩码
# ### 选择也是一张表
#
# 循环里的 `if` 变成什么？
# 掩码（mask）是一张布尔表，每一格说“要”或“不要”。
# 它有三种用法：`np.where(mask, a, b)` 在每一格二选一；`x[mask]` 只取真的那些，排成一行；`x[mask] = value` 只改真的那些。
# 掩码的轴可以比 `x` 少：一行一个布尔值的掩码，取的是整行。`t.any(axis=1)` 逐行问“有真的吗”，`t.all(axis=1)` 问“全是真的吗”：`x[~np.isnan(x).any(axis=1)]` 留下没有缺失值（NaN）的那些行。
# 前两种造出新的数组，最后一种改的是 `x` 自己：要把负数换成 0 又不动 `x`，写 `np.where(x < 0, 0, x)` 或 `np.maximum(x, 0)`，不要写 `x[x < 0] = 0`。写进去的数还得迁就 `x` 的类型：整数数组里写 $-1.7$，小数部分直接丢掉，存下的是 $-1$，没有警告。`where` 收的是两张算好的表，所以 `np.where(x != 0, 1 / x, 0)` 已经除过 0 了，照样警告；先把除数里的 0 换成 1，再选一次：`np.where(x != 0, 1 / np.where(x != 0, x, 1), 0)`。
# 布尔值参加计算时，真是 1，假是 0，所以 `mask.sum()` 数出有几个真，`mask.mean()` 是真的比例。
# 拿 $3, -1, 4, -2$ 四个数来说：掩码 `x > 0` 是真、假、真、假，`x[x > 0]` 是 $3, 4$，和是 $7$。
# 掩码用 `&`（且）、`|`（或）、`~`（非）组合，例如 `(x > 0) & (x < 4)`：`and` 问的是“整个数组是真的吗”，NumPy 拒绝回答。
# 括号不能省：`&` 比 `>` 先算，`x > 0 & x < 4` 成了 `x > (0 & x) < 4`，这种连着的比较里藏着一个 `and`，照样报错。
# %% [markdown] lang="en" numbers="3 4 7"
# ## 3 · Masking
# ### A choice is a table, too
#
# What becomes of the `if` in a loop?
# A **mask** is a table of booleans that says yes or no for each cell.
# It has three uses: `np.where(mask, a, b)` chooses one of two in each cell; `x[mask]` takes only the cells that are true, in one row; `x[mask] = value` changes only those. A mask may have fewer axes than `x`: with one boolean for each row it takes whole rows. `t.any(axis=1)` asks of each row whether at least one is true, `t.all(axis=1)` whether all are: `x[~np.isnan(x).any(axis=1)]` keeps the rows without a missing value (NaN).
# The first two make a new array, the last changes `x` itself: to replace negative numbers by 0 and leave `x` alone, write `np.where(x < 0, 0, x)` or `np.maximum(x, 0)`, but not `x[x < 0] = 0`. What is written takes on the dtype of `x`: into an array of integers $-1.7$ goes as $-1$, its fraction dropped without a warning. `where` is handed two finished tables, so `np.where(x != 0, 1 / x, 0)` has divided by 0 already, and warns; first put 1 for each 0 in the divisor, then choose again: `np.where(x != 0, 1 / np.where(x != 0, x, 1), 0)`.
# In a computation true is 1 and false is 0, so `mask.sum()` counts the true ones and `mask.mean()` is their share.
# Take the numbers $3, -1, 4, -2$: the mask `x > 0` is true, false, true, false; `x[x > 0]` is $3, 4$, and their sum $7$.
# Combine masks by `&` (and), `|` (or) and `~` (not), as in `(x > 0) & (x < 4)`: `and` asks whether the whole array is true, and NumPy refuses to answer that.
# The brackets must be there: `&` is computed before `>`, so `x > 0 & x < 4` becomes `x > (0 & x) < 4`, and such a chain of comparisons hides an `and`: an error again.
# %%
if __name__ == "__main__":
    x = np.array([3, -1, 4, -2])
    mask = x > 0
    print("by loop:", [int(v) for v in x if v > 0], "in a line:", x[mask], "sum", x[mask].sum())
    print("share of positive ones:", mask.mean(), "others set to 0:", np.where(mask, x, 0))
    table = np.array([[1, np.nan], [3, 4]])
    x[1] = -1.7
    print("-1.7 became", x[1], "rows without a NaN:", table[~np.isnan(table).any(axis=1)])


# %% [markdown] lang="zh" tags=["question"] see="np_masked_mean"
# `x` 里有一个 NaN（不是数，表示缺失），平均也就成了 NaN；`np.nanmean(x)` 会跳过它。
# NaN 与什么都不相等，与自己也不，所以 `x == np.nan` 全是假；要找它，用 `np.isnan(x)`。
# `(x * mask).sum()` 能把它挡在外面吗？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_masked_mean"
# There is a NaN (not a number: it marks a missing value) in `x`, which makes the mean NaN, too; `np.nanmean(x)` skips it.
# NaN equals nothing, not even itself, so `x == np.nan` is false everywhere; to find it, use `np.isnan(x)`.
# Does `(x * mask).sum()` keep it out? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 不能：NaN 乘 0 还是 NaN，和就成了 NaN。
# `np.where(mask, x, 0)` 是选，不是乘，所以不会带进来。
# 无穷大也一样：无穷大乘 0 是 NaN。
# %% [markdown] lang="en" tags=["answer"]
# It doesn't: NaN times 0 is NaN, and so is the sum.
# `np.where(mask, x, 0)` chooses and doesn't multiply, so nothing comes through.
# It is the same with infinity: infinity times 0 is NaN.
# %%
if __name__ == "__main__":
    x, mask = np.array([1.0, np.nan, 4.0]), np.array([True, False, True])
    print("multiplied:", (x * mask).sum(), "chosen:", np.where(mask, x, 0).sum())


# %% [markdown] lang="zh"
# ### 练习 · 哪些是真的词 · 3 分钟
# 第 $i$ 行的前 `lengths[i]` 格为真，其余为假，一共 `longest` 列。
# 长度可以是 0，也可以等于 `longest`。
# 例如 `padding_mask([2, 0, 3], 3)` 是 `[[True, True, False], [False, False, False], [True, True, True]]`。
# 一批句子长短不一，补齐之后，靠它认出哪些是真的。
# %% [markdown] lang="en"
# ### Exercise · which tokens are real · 3 min
# In row $i$ the first `lengths[i]` cells are true, the rest false, `longest` columns in all.
# A length may be 0, or equal to `longest`.
# For example, `padding_mask([2, 0, 3], 3)` is `[[True, True, False], [False, False, False], [True, True, True]]`.
# Sentences of a batch have different lengths; after padding this tells which tokens are real.
# %% exercise="np_padding_mask" difficulty=1 importance=5 minutes=3
def np_padding_mask(lengths: Int[np.ndarray, " batch"], longest: int) -> Bool[np.ndarray, "batch longest"]:
    """Whether position j is within the length of row i."""
    # solution
    return np.arange(longest) < lengths[:, None]


if __name__ == "__main__":
    loops.show(loops.padding_mask, [2, 0, 3], 3)
    tests.test_np_padding_mask(np_padding_mask)


# %% [markdown] lang="zh" tags=["hint"]
# 第 $(i, j)$ 格问的是 $j$ 与什么的大小？
# %% [markdown] lang="en" tags=["hint"]
# What does cell $(i, j)$ compare $j$ with?
# %% [markdown] lang="zh"
# ### 练习 · 哪些是真的词，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · which tokens are real, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_padding_mask" difficulty=1 importance=5 minutes=2
def pt_padding_mask(lengths: Int[Tensor, " batch"], longest: int) -> Bool[Tensor, "batch longest"]:
    """Whether position j is within the length of row i."""
    # solution
    return torch.arange(longest) < lengths[:, None]


if __name__ == "__main__":
    tests.test_pt_padding_mask(pt_padding_mask)


# %% [markdown] lang="zh" tags=["hint"]
# 和 NumPy 一样：一行位置，一列长度。
# %% [markdown] lang="en" tags=["hint"]
# As in NumPy: a row of positions, a column of lengths.
# %% [markdown] lang="zh" numbers="1 -inf 3"
# ### 练习 · 挡住一些分数 · 3 分钟
# `mask` 为假的地方换成 $-\infty$，其余不变，类型与 `scores` 相同。
# 例如 `silence([[1.0, 2.0, 3.0]], [[True, False, True]])` 是 `[[1, -inf, 3]]`。
# 只要一行不全是 $-\infty$，softmax 之后 $-\infty$ 的概率就是 0：注意力（网络给每个词分配的权重）就这样不看补的词。
# %% [markdown] lang="en" numbers="1 -inf 3"
# ### Exercise · scores that don't count · 3 min
# Where `mask` is false put $-\infty$, and leave the rest; keep the dtype of `scores`.
# For example, `silence([[1.0, 2.0, 3.0]], [[True, False, True]])` is `[[1, -inf, 3]]`.
# After a softmax the probability of $-\infty$ is 0, unless the whole row is $-\infty$: in this way attention (the weights that a network gives to the words) doesn't look at padding.
# %% exercise="np_silence" difficulty=1 importance=5 minutes=3
def np_silence(scores: Float[np.ndarray, "batch n"], mask: Bool[np.ndarray, "batch n"]) -> Float[np.ndarray, "batch n"]:
    """`scores` where `mask` is true, else minus infinity."""
    # solution
    return np.where(mask, scores, -np.inf)


if __name__ == "__main__":
    loops.show(loops.silence, [[1.0, 2.0, 3.0]], [[True, False, True]])
    tests.test_np_silence(np_silence)


# %% [markdown] lang="zh" tags=["hint"]
# 三种用法里，哪一种不改动原来的数组？
# %% [markdown] lang="en" tags=["hint"]
# Which of the three uses of a mask leaves the array unchanged?
# %% [markdown] lang="zh"
# ### 练习 · 挡住一些分数，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# `scores` 不许改动；有些函数名以 `_` 结尾，它们会就地改动。
# %% [markdown] lang="en"
# ### Exercise · scores that don't count, PyTorch · 2 min
# The same in PyTorch.
# `scores` must stay unchanged; functions whose names end in `_` work in place.
# %% exercise="pt_silence" difficulty=1 importance=5 minutes=2
def pt_silence(scores: Float[Tensor, "batch n"], mask: Bool[Tensor, "batch n"]) -> Float[Tensor, "batch n"]:
    """`scores` where `mask` is true, else minus infinity."""
    # solution
    return scores.masked_fill(~mask, -torch.inf)


if __name__ == "__main__":
    tests.test_pt_silence(pt_silence)


# %% [markdown] lang="zh" tags=["hint"]
# `masked_fill` 填的是掩码为*真*的地方；`torch.where` 与 `np.where` 相同。
# %% [markdown] lang="en" tags=["hint"]
# `masked_fill` fills where its mask is *true*; `torch.where` is like `np.where`.
# %% [markdown] lang="zh" numbers="1.5 0"
# ### 练习 · 只算真的 · 5 分钟
# 每一行只对 `mask` 为真的数求平均；一个真的也没有的行，结果是 0。
# `mask` 为假的地方可能是 NaN，不许影响结果；类型与 `x` 相同。
# 例如 `masked_mean([[1.0, 2.0, 6.0], [5.0, 5.0, 5.0]], [[True, True, False], [False, False, False]])` 是 `[1.5, 0]`。
# 一句话的向量常取各词的平均，补的词不能算进去；算损失时也一样。
# %% [markdown] lang="en" numbers="1.5 0"
# ### Exercise · the mean of the real ones · 5 min
# The mean of each row over the numbers where `mask` is true; a row with none of them gives 0.
# Where `mask` is false there may be NaN, which must have no effect; keep the dtype of `x`.
# For example, `masked_mean([[1.0, 2.0, 6.0], [5.0, 5.0, 5.0]], [[True, True, False], [False, False, False]])` is `[1.5, 0]`.
# The vector of a sentence is often the mean over its words, and padding must not count in it; nor must it count in a loss.
# %% exercise="np_masked_mean" difficulty=2 importance=5 minutes=5
def np_masked_mean(
    x: Float[np.ndarray, "batch length"], mask: Bool[np.ndarray, "batch length"]
) -> Float[np.ndarray, " batch"]:
    """The mean of the true ones of each row, 0 where there are none."""
    # solution
    total = np.where(mask, x, 0).sum(axis=1)
    return total / np.maximum(mask.sum(axis=1), 1).astype(x.dtype)


if __name__ == "__main__":
    loops.show(loops.masked_mean, [[1.0, 2.0, 6.0], [5.0, 5.0, 5.0]], [[True, True, False], [False, False, False]])
    tests.test_np_masked_mean(np_masked_mean)


# %% [markdown] lang="zh" tags=["hint"]
# 分子是真的那些的和，分母是什么？一个真的也没有时，怎样不除以 0？
# %% [markdown] lang="en" tags=["hint"]
# The numerator is the sum of the true ones; what is the denominator?
# How do you avoid 0 in it?
# %% [markdown] lang="zh" tags=["hint"]
# 用 `where` 把假的换成 0；计数至少当作 1；NumPy 里 float32 除以 int64 会变成 float64。
# %% [markdown] lang="en" tags=["hint"]
# Put 0 for the false ones by `where`; count at least 1; and in NumPy float32 over int64 becomes float64.
# %% [markdown] lang="zh"
# ### 练习 · 只算真的，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · the mean of the real ones, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_masked_mean" difficulty=2 importance=5 minutes=3
def pt_masked_mean(x: Float[Tensor, "batch length"], mask: Bool[Tensor, "batch length"]) -> Float[Tensor, " batch"]:
    """The mean of the true ones of each row, 0 where there are none."""
    # solution
    total = x.masked_fill(~mask, 0).sum(dim=1)
    return total / mask.sum(dim=1).clamp(min=1)


if __name__ == "__main__":
    tests.test_pt_masked_mean(pt_masked_mean)


# %% [markdown] lang="zh" tags=["hint"]
# NumPy 那里要转类型，这里还要吗？
# %% [markdown] lang="en" tags=["hint"]
# NumPy needed a change of dtype: is it needed here, too?
# %% [markdown] lang="zh" tags=["hint"]
# `masked_fill(~mask, 0)`；下限用 `clamp(min=…)`。
# %% [markdown] lang="en" tags=["hint"]
# `masked_fill(~mask, 0)`; a lower bound is `clamp(min=…)`.
# %% [markdown] lang="zh" numbers="1 -1"
# ### 练习 · 第一个真的在哪里 · 5 分钟
# 每一行第一个 `True` 的位置；一行里没有，就是 $-1$；整数，哪种有符号的整数类型都行。
# 例如 `first_true([[False, True, True], [False, False, False]])` 是 `[1, -1]`。
# 模型生成的文本，在第一个表示结束的词那里截断；没有，就不截。
# %% [markdown] lang="en" numbers="1 -1"
# ### Exercise · where the first true cell is · 5 min
# The position of the first `True` in each row, $-1$ for a row without any: whole numbers, of any signed integer dtype.
# For example, `first_true([[False, True, True], [False, False, False]])` is `[1, -1]`.
# Text that a model writes is cut at the first token that means “the end”; if there is none, it isn't cut.
# %% exercise="np_first_true" difficulty=2 importance=4 minutes=5
def np_first_true(mask: Bool[np.ndarray, "batch length"]) -> Int[np.ndarray, " batch"]:
    """The index of the first True of each row, -1 if it has none."""
    # solution
    return np.where(mask.any(axis=1), mask.argmax(axis=1), -1)


if __name__ == "__main__":
    loops.show(loops.first_true, [[False, True, True], [False, False, False]])
    tests.test_np_first_true(np_first_true)


# %% [markdown] lang="zh" tags=["hint"]
# 真是 1，假是 0：一行里最大的数第一次出现在哪里？
# %% [markdown] lang="en" tags=["hint"]
# True is 1 and false is 0: where does the largest number of a row come first?
# %% [markdown] lang="zh" tags=["hint"]
# `argmax` 取第一个最大的；全是假的行要另外处理，`any` 能认出来。
# %% [markdown] lang="en" tags=["hint"]
# `argmax` takes the first of equals; rows where all are false need care, and `any` finds them.
# %% [markdown] lang="zh"
# ### 练习 · 第一个真的在哪里，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# PyTorch 的 `argmax` 不收布尔值；和 NumPy 的一样，有几个相等的最大值，就给第一个的位置；不写轴时，两边给的都是展平以后的编号，`[[1, 9], [7, 3]]` 的结果是 1。
# %% [markdown] lang="en"
# ### Exercise · where the first true cell is, PyTorch · 3 min
# The same in PyTorch.
# PyTorch's `argmax` doesn't take booleans; like NumPy's, it gives the place of the first of several equal maxima; without an axis, both number the cells of the flattened table, so for `[[1, 9], [7, 3]]` the result is 1.
# %% exercise="pt_first_true" difficulty=2 importance=4 minutes=3
def pt_first_true(mask: Bool[Tensor, "batch length"]) -> Int[Tensor, " batch"]:
    """The index of the first True of each row, -1 if it has none."""
    # solution
    return torch.where(mask.any(dim=1), mask.int().argmax(dim=1), -1)


if __name__ == "__main__":
    tests.test_pt_first_true(pt_first_true)


# %% [markdown] lang="zh" tags=["hint"]
# 先把布尔值变成什么，才能求 `argmax`？
# %% [markdown] lang="en" tags=["hint"]
# What must booleans become before `argmax`?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.where` 在没有真的行里选 $-1$。
# %% [markdown] lang="en" tags=["hint"]
# `torch.where` chooses $-1$ for rows without any.
# %% [markdown] lang="zh" numbers="7 8 9 -1 4"
# ### 练习 · 把长短不一的句子排成表 · 10 分钟
# `flat` 是一批句子首尾相接排成的一行，第 $i$ 句有 `lengths[i]` 个词（可以是 0，但至少有一句不空）。
# 排成一张表，一句一行，后面用 `value` 补到最长的那句那么长；类型与 `flat` 相同。
# 例如 `pad([7, 8, 9, 4], [3, 0, 1], -1)` 是 `[[7, 8, 9], [-1, -1, -1], [4, -1, -1]]`。
# 读文本的数据加载器（data loader，训练时一批批送数据的代码）常有这一步。
# %% [markdown] lang="en" numbers="7 8 9 -1 4"
# ### Exercise · sentences of different lengths in a table · 10 min
# `flat` is a batch of sentences laid end to end in one row; sentence $i$ has `lengths[i]` tokens (perhaps 0, but not all are empty).
# Put them in a table, a row for each sentence, and fill each row up with `value` to the length of the longest; keep the dtype of `flat`.
# For example, `pad([7, 8, 9, 4], [3, 0, 1], -1)` is `[[7, 8, 9], [-1, -1, -1], [4, -1, -1]]`.
# A data loader of text (the code that hands out the data in batches) often has this step.
# %% exercise="np_pad" difficulty=3 importance=5 minutes=10
def np_pad(
    flat: Int[np.ndarray, " total"], lengths: Int[np.ndarray, " batch"], value: int
) -> Int[np.ndarray, "batch longest"]:
    """One row for each sentence, padded with `value` on the right."""
    # solution
    mask = np.arange(lengths.max()) < lengths[:, None]
    out = np.full(mask.shape, value, dtype=flat.dtype)
    out[mask] = flat
    return out


if __name__ == "__main__":
    loops.show(loops.pad, [7, 8, 9, 4], [3, 0, 1], -1)
    tests.test_np_pad(np_pad)


# %% [markdown] lang="zh" tags=["hint"]
# 反过来，从表和掩码怎样得到 `flat`？
# %% [markdown] lang="en" tags=["hint"]
# Think of the opposite: how do you get `flat` from the table and a mask?
# %% [markdown] lang="zh" tags=["hint"]
# `x[mask]` 逐行读出真的格子，`x[mask] = flat` 按同样的顺序写回去。
# 掩码你在前面写过。
# %% [markdown] lang="en" tags=["hint"]
# `x[mask]` reads the true cells row by row, and `x[mask] = flat` writes in the same order.
# You have written the mask before.
# %% [markdown] lang="zh"
# ### 练习 · 把长短不一的句子排成表，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · sentences of different lengths in a table, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_pad" difficulty=3 importance=5 minutes=6
def pt_pad(flat: Int[Tensor, " total"], lengths: Int[Tensor, " batch"], value: int) -> Int[Tensor, "batch longest"]:
    """One row for each sentence, padded with `value` on the right."""
    # solution
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    out = torch.full(mask.shape, value, dtype=flat.dtype)
    out[mask] = flat
    return out


if __name__ == "__main__":
    tests.test_pt_pad(pt_pad)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.full` 的类型由什么决定？
# %% [markdown] lang="en" tags=["hint"]
# What decides the dtype of `torch.full`?
# %% [markdown] lang="zh" tags=["hint"]
# 先造一张全是 `value` 的表，再按掩码写进去；或者查 `masked_scatter`。
# %% [markdown] lang="en" tags=["hint"]
# Make a table full of `value` and write into it by the mask; or look up `masked_scatter`.
# %% [markdown] lang="zh" numbers="4 6 12"
# ## 4 · 归约与累积
# ### 一个轴消失，或者留下每一步
#
# 归约让一个轴消失，`part0_tensors` 讲过：`dim` 或 `axis` 说的是消失的那个轴，$(3, 4)$ 沿轴 0 求和是 $(4,)$；几个轴可以一起消失：一批图 $(8, 3, 5, 5)$ 的 `images.mean(axis=(0, 2, 3))` 是 $(3,)$，每个通道一个平均。
# 加上 `keepdims=True`，它留成长度 1：每行除以自己的和，写 `x / x.sum(axis=1, keepdims=True)`，$(3, 4)$ 除以 $(3, 1)$；不写它，和就是 $(3,)$，对不上。
# 一个元素也没有时，和是 0，平均是 NaN，最大值则报错。元素有偶数个时，NumPy 的 `median` 是中间两个的平均，PyTorch 的是两个里小的那个：$1, 2, 4, 8$ 的中位数，一个是 3，一个是 2。
# 平均的平均不一定是全体的平均，除非每个平均背后的数一样多：用了掩码，一行剩下四个数，平均是 1，另一行只剩一个 6，两行平均再平均是 3.5，五个数的平均，也就是总和除以总个数，却是 2。
# 还有一族运算把轴留下：累积（scan）在每个位置给出“到此为止”的结果，`cumsum` 是到此为止的和，`np.minimum.accumulate` 是到此为止的最小值。
# 拿 $4, 2, 6$ 三个数来说：和是 $12$，到此为止的和是 $4, 6, 12$，最后一个就是总和。
# 循环里凡有一个变量“记着前面的结果”，就先想累积。
# 相减还能倒回去：第 $i$ 到第 $j$ 个（含）的和，是第 $j$ 个累加和减第 $i - 1$ 个（$i = 0$ 时不用减）；`np.diff` 求所有相邻两数的差，所以结果比输入少一个，要找回第一个数，就在前面补个 0：`np.diff(sums, prepend=0)`。
# 值变了的地方，差不是 0；掩码里真的那些在哪里，用 `np.nonzero(mask)[0]`；对这些位置再求 `np.diff`，就是相隔多远：2、3、7 依次相隔 1 和 4。
# 两个错开一格的切片，拿邻居来比：`x[1:] > x[:-1]` 问除第一个以外的每个数，是否比前一个大；两边都有邻居的，只有里面的 `x[1:-1]`，这时结果的第 0 格说的是 `x` 的第 1 格；`np.roll` 会绕回来，让第一个数去比最后一个。
# %% [markdown] lang="en" numbers="4 6 12"
# ## 4 · Reducing
# ### One axis vanishes, or keeps each step
#
# A reduction makes an axis vanish, as `part0_tensors` explained: `dim` or `axis` names the one that vanishes; the sum of $(3, 4)$ over axis 0 is $(4,)$; several can vanish at once: for a batch of images of $(8, 3, 5, 5)$, `images.mean(axis=(0, 2, 3))` is $(3,)$, a mean for each channel.
# With `keepdims=True` its length becomes 1: to divide each row by its own sum, write `x / x.sum(axis=1, keepdims=True)`, which is $(3, 4)$ by $(3, 1)$; without it, the sum is $(3,)$ and doesn't fit.
# Of no elements at all the sum is 0 and the mean NaN, while the maximum is an error. Of an even number of elements, NumPy's `median` is the mean of the two in the middle, PyTorch's the lower of the two: of $1, 2, 4, 8$ they are 3 and 2.
# The mean of means is sure to be the mean of all only if equally many numbers stand behind each: suppose that after a mask one row keeps four numbers with the mean 1, and another row a single 6; the mean of the two means is 3.5, but the mean of the five numbers, their sum divided by their count, is 2.
# Another family keeps the axis: a **scan** gives at each place the result so far; `cumsum` is the sum so far, `np.minimum.accumulate` the minimum so far.
# Of the numbers $4, 2, 6$ the sum is $12$, and the sums so far are $4, 6, 12$, of which the last is the sum of all.
# Where a loop has a variable that remembers what came before, think of a scan.
# A difference undoes it: the sum from place $i$ up to and including place $j$ is the sum so far at $j$ minus the one at $i - 1$ (for $i = 0$ subtract nothing); `np.diff` takes the differences of all neighbours, so it returns one number fewer than it gets; to have the first one back, put a 0 in front: `np.diff(sums, prepend=0)`.
# Where a value changes, the difference isn't 0; `np.nonzero(mask)[0]` gives the places of the true ones in a mask, and `np.diff` of places tells how far apart they are: 2, 3 and 7 are 1 and 4 apart.
# Two slices, one step apart, compare neighbours: `x[1:] > x[:-1]` asks each number but the first whether it is above the one before; only the inner ones, `x[1:-1]`, have neighbours on both sides, and then place 0 of the result speaks of place 1 of `x`; `np.roll` wraps round, and would compare the first number with the last.
# %%
if __name__ == "__main__":
    x, total, so_far = np.array([4, 2, 6]), 0, []
    for value in x:
        total += int(value)
        so_far.append(total)
    print("by loop:", so_far, "in a line:", x.cumsum(), "reduced:", x.sum())
    print("minimum so far:", np.minimum.accumulate(x))
    print("neighbours of the sums:", np.diff(x.cumsum()), "with a 0 in front:", np.diff(x.cumsum(), prepend=0))


# %% [markdown] lang="zh" tags=["question"] see="np_running_mean"
# 哪个工具？三件事各该想到 `sum`、`cumsum` 还是 `where`：a）每篇文章的长度，由词的掩码得到；b）每个词在文章里是第几个*真的*词；c）负数换成 0。
# %% [markdown] lang="en" tags=["question"] see="np_running_mean"
# Which tool? For each of three jobs say whether you think of `sum`, `cumsum` or `where`: a) the length of each text, from a mask of its tokens; b) for each token, how many *real* tokens there are up to and including it; c) negative numbers replaced by 0.
# %% [markdown] lang="zh" tags=["answer"]
# a 是 `mask.sum(axis=1)`：轴消失，一篇一个数。
# b 是 `mask.cumsum(axis=1)`：每个位置都要一个“到此为止”的数。
# c 是 `np.where(x < 0, 0, x)`：每一格二选一。
# %% [markdown] lang="en" tags=["answer"]
# a is `mask.sum(axis=1)`: the axis vanishes, a number for each text.
# b is `mask.cumsum(axis=1)`: each place wants a number so far.
# c is `np.where(x < 0, 0, x)`: one of two in each cell.
# %%
if __name__ == "__main__":
    mask = np.array([[True, False, True], [True, True, True]])
    print("a:", mask.sum(axis=1), "b:", mask.cumsum(axis=1).tolist())


# %% [markdown] lang="zh" numbers="2 15"
# ### 练习 · 每个通道的平均 · 3 分钟
# 一批图的形状是 `batch channel height width`（通道是颜色：红、绿、蓝各一张）。
# 对每个通道，求整批所有像素的平均。
# 例如 `channel_means([[[[1.0, 3.0]], [[10.0, 20.0]]]])` 是 `[2, 15]`。
# 归一化图像，先要这几个数。
# %% [markdown] lang="en" numbers="2 15"
# ### Exercise · the mean of each channel · 3 min
# A batch of images has shape `batch channel height width` (a channel is a colour: one picture each for red, green and blue).
# For each channel return the mean of all its pixels in the whole batch.
# For example, `channel_means([[[[1.0, 3.0]], [[10.0, 20.0]]]])` is `[2, 15]`.
# To normalise images, you need these numbers first.
# %% exercise="np_channel_means" difficulty=1 importance=5 minutes=3
def np_channel_means(images: Float[np.ndarray, "batch channel height width"]) -> Float[np.ndarray, " channel"]:
    """One mean for each channel, over batch, height and width."""
    # solution
    return images.mean(axis=(0, 2, 3))


if __name__ == "__main__":
    loops.show(loops.channel_means, [[[[1.0, 3.0]], [[10.0, 20.0]]]])
    tests.test_np_channel_means(np_channel_means)


# %% [markdown] lang="zh" tags=["hint"]
# 哪三个轴消失？`axis` 可以是一个元组。
# %% [markdown] lang="en" tags=["hint"]
# Which three axes vanish?
# `axis` can be a tuple.
# %% [markdown] lang="zh"
# ### 练习 · 每个通道的平均，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · the mean of each channel, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_channel_means" difficulty=1 importance=5 minutes=2
def pt_channel_means(images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, " channel"]:
    """One mean for each channel, over batch, height and width."""
    # solution
    return images.mean(dim=(0, 2, 3))


if __name__ == "__main__":
    tests.test_pt_channel_means(pt_channel_means)


# %% [markdown] lang="zh" tags=["hint"]
# `dim` 也可以是一个元组。
# %% [markdown] lang="en" tags=["hint"]
# `dim` can be a tuple, too.
# %% [markdown] lang="zh" numbers="0.75"
# ### 练习 · 对了几成 · 3 分钟
# 每一行分数最高的列就是预测；返回预测等于标签的比例，一个数（Python 的数，或没有轴的数组，哪种浮点类型都行）。
# 每行的最大值只有一个。
# 例如 `accuracy([[1.0, 3.0], [5.0, 2.0], [0.0, 4.0], [9.0, 8.0]], [1, 0, 1, 1])` 是 `0.75`。
# 训练时每一轮都要打印的就是它。
# %% [markdown] lang="en" numbers="0.75"
# ### Exercise · how many are right · 3 min
# The column with the largest score of a row is the prediction; return the share of predictions that equal the label, one number (Python's, or an array without axes, of any kind of float).
# No row has two largest scores.
# For example, `accuracy([[1.0, 3.0], [5.0, 2.0], [0.0, 4.0], [9.0, 8.0]], [1, 0, 1, 1])` is `0.75`.
# It is what you print after each round of training.
# %% exercise="np_accuracy" difficulty=1 importance=5 minutes=3
def np_accuracy(scores: Float[np.ndarray, "batch classes"], labels: Int[np.ndarray, " batch"]) -> float:
    """The share of rows whose largest score is at the label."""
    # solution
    return (scores.argmax(axis=1) == labels).mean()


if __name__ == "__main__":
    loops.show(loops.accuracy, [[1.0, 3.0], [5.0, 2.0], [0.0, 4.0], [9.0, 8.0]], [1, 0, 1, 1])
    tests.test_np_accuracy(np_accuracy)


# %% [markdown] lang="zh" tags=["hint"]
# 比较得到一张掩码，掩码的平均是什么？
# %% [markdown] lang="en" tags=["hint"]
# A comparison gives a mask; what is the mean of a mask?
# %% [markdown] lang="zh"
# ### 练习 · 对了几成，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# 布尔值没有 `mean`。
# %% [markdown] lang="en"
# ### Exercise · how many are right, PyTorch · 2 min
# The same in PyTorch.
# Booleans have no `mean` in PyTorch.
# %% exercise="pt_accuracy" difficulty=1 importance=5 minutes=2
def pt_accuracy(scores: Float[Tensor, "batch classes"], labels: Int[Tensor, " batch"]) -> float:
    """The share of rows whose largest score is at the label."""
    # solution
    return (scores.argmax(dim=1) == labels).float().mean().item()


if __name__ == "__main__":
    tests.test_pt_accuracy(pt_accuracy)


# %% [markdown] lang="zh" tags=["hint"]
# 先把布尔值变成浮点数。
# %% [markdown] lang="en" tags=["hint"]
# Turn the booleans into floats first.
# %% [markdown] lang="zh" numbers="5 3 2"
# ### 练习 · 到此为止最好的 · 5 分钟
# 每一步给出到这一步为止（含这一步）最小的损失。
# 例如 `best_so_far([5.0, 3.0, 4.0, 6.0, 2.0])` 是 `[5, 3, 3, 3, 2]`。
# 决定何时停止训练，常看它有多久没有下降。
# %% [markdown] lang="en" numbers="5 3 2"
# ### Exercise · the best so far · 5 min
# For each step the smallest loss up to and including it.
# For example, `best_so_far([5.0, 3.0, 4.0, 6.0, 2.0])` is `[5, 3, 3, 3, 2]`.
# To decide when to stop training, people often ask for how long it hasn't fallen.
# %% exercise="np_best_so_far" difficulty=2 importance=4 minutes=5
def np_best_so_far(losses: Float[np.ndarray, " steps"]) -> Float[np.ndarray, " steps"]:
    """The smallest loss up to each step."""
    # solution
    return np.minimum.accumulate(losses)


if __name__ == "__main__":
    loops.show(loops.best_so_far, [5.0, 3.0, 4.0, 6.0, 2.0])
    tests.test_np_best_so_far(np_best_so_far)


# %% [markdown] lang="zh" tags=["hint"]
# 循环里有一个变量 `best` 记着前面的结果：这是归约，还是累积？
# %% [markdown] lang="en" tags=["hint"]
# The loop has a variable `best` that remembers: is this a reduction or a scan?
# %% [markdown] lang="zh" tags=["hint"]
# NumPy 里逐元素的二元函数，如 `np.add`，都有 `accumulate`：`np.add.accumulate` 就是 `cumsum`。取较小的那个，是哪个函数？
# %% [markdown] lang="en" tags=["hint"]
# NumPy's functions of two arguments that work element by element, such as `np.add`, have an `accumulate`: `np.add.accumulate` is `cumsum`. Which function takes the smaller of two?
# %% [markdown] lang="zh"
# ### 练习 · 到此为止最好的，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# `cummin` 返回两样东西。
# %% [markdown] lang="en"
# ### Exercise · the best so far, PyTorch · 3 min
# The same in PyTorch.
# `cummin` returns two things.
# %% exercise="pt_best_so_far" difficulty=2 importance=4 minutes=3
def pt_best_so_far(losses: Float[Tensor, " steps"]) -> Float[Tensor, " steps"]:
    """The smallest loss up to each step."""
    # solution
    return losses.cummin(dim=0).values


if __name__ == "__main__":
    tests.test_pt_best_so_far(pt_best_so_far)


# %% [markdown] lang="zh" tags=["hint"]
# PyTorch 里累积的名字多半以什么开头？
# %% [markdown] lang="en" tags=["hint"]
# What do most names of PyTorch's scans begin with?
# %% [markdown] lang="zh" tags=["hint"]
# `cummin` 给出值和位置：取 `values`。
# %% [markdown] lang="en" tags=["hint"]
# `cummin` gives values and indices: take `values`.
# %% [markdown] lang="zh" numbers="2 3 5"
# ### 练习 · 到此为止的平均 · 5 分钟
# 每一行：第 $t$ 格是这一行从头到第 $t$ 格（含）的平均。
# 类型与 `x` 相同。
# 例如 `running_mean([[2.0, 4.0, 9.0]])` 是 `[[2, 3, 5]]`。
# 画训练曲线时，它比每一步的损失平稳得多。
# %% [markdown] lang="en" numbers="2 3 5"
# ### Exercise · the mean so far · 5 min
# For each row: cell $t$ is the mean from the row's beginning up to and including cell $t$.
# Keep the dtype of `x`.
# For example, `running_mean([[2.0, 4.0, 9.0]])` is `[[2, 3, 5]]`.
# In a training curve it is much steadier than the loss of each step.
# %% exercise="np_running_mean" difficulty=2 importance=4 minutes=5
def np_running_mean(x: Float[np.ndarray, "batch length"]) -> Float[np.ndarray, "batch length"]:
    """The mean of each row up to each position."""
    # solution
    counts = np.arange(1, x.shape[1] + 1, dtype=x.dtype)
    return x.cumsum(axis=1) / counts


if __name__ == "__main__":
    loops.show(loops.running_mean, [[2.0, 4.0, 9.0]])
    tests.test_np_running_mean(np_running_mean)


# %% [markdown] lang="zh" tags=["hint"]
# 到第 $t$ 格为止的和是什么？一共几个数？
# %% [markdown] lang="en" tags=["hint"]
# What is the sum up to cell $t$, and of how many numbers?
# %% [markdown] lang="zh" tags=["hint"]
# `cumsum` 除以 $1, 2, 3, …$；沿哪个轴？类型会变吗？
# %% [markdown] lang="en" tags=["hint"]
# `cumsum` over $1, 2, 3, …$; along which axis, and does the dtype change?
# %% [markdown] lang="zh"
# ### 练习 · 到此为止的平均，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · the mean so far, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_running_mean" difficulty=2 importance=4 minutes=3
def pt_running_mean(x: Float[Tensor, "batch length"]) -> Float[Tensor, "batch length"]:
    """The mean of each row up to each position."""
    # solution
    counts = torch.arange(1, x.shape[1] + 1)
    return x.cumsum(dim=1) / counts


if __name__ == "__main__":
    tests.test_pt_running_mean(pt_running_mean)


# %% [markdown] lang="zh" tags=["hint"]
# float32 的张量除以 int64 的张量，是什么类型？
# %% [markdown] lang="en" tags=["hint"]
# A float32 tensor divided by an int64 tensor: what is the dtype?
# %% [markdown] lang="zh" tags=["hint"]
# `cumsum` 一定要给 `dim`。
# %% [markdown] lang="en" tags=["hint"]
# `cumsum` insists on a `dim`.
# %% [markdown] lang="zh" numbers="3 4"
# ### 练习 · 折扣回报 · 10 分钟
# 第 $t$ 步的回报是从这一步起的奖励之和，每晚一步就再乘一次 `discount`：$G_t = r_t + \gamma r_{t+1} + \gamma^2 r_{t+2} + \cdots$，$0 \le \gamma \le 1$，最多几百步。
# 类型与 `rewards` 相同。
# 手算：奖励 $1, 2, 4$，$\gamma = 0.5$，最后一步是 $4$，倒数第二步是 $2 + 0.5 \cdot 4 = 4$，第一步是 $1 + 0.5 \cdot 4 = 3$。
# 例如 `returns([1.0, 2.0, 4.0], 0.5)` 是 `[3, 4, 4]`。
# 强化学习（从奖励里学会行动）用它给每一步打分。
# %% [markdown] lang="en" numbers="3 4"
# ### Exercise · discounted returns · 10 min
# The return of step $t$ is the sum of the rewards from there on, multiplied once more by `discount` for each step of delay: $G_t = r_t + \gamma r_{t+1} + \gamma^2 r_{t+2} + \cdots$, with $0 \le \gamma \le 1$ and a few hundred steps at most.
# Keep the dtype of `rewards`.
# By hand: rewards $1, 2, 4$ and $\gamma = 0.5$ give $4$ for the last step, $2 + 0.5 \cdot 4 = 4$ for the one before, $1 + 0.5 \cdot 4 = 3$ for the first.
# For example, `returns([1.0, 2.0, 4.0], 0.5)` is `[3, 4, 4]`.
# Reinforcement learning, which learns to act from rewards, grades each step by it.
# %% exercise="np_returns" difficulty=3 importance=4 minutes=10
def np_returns(rewards: Float[np.ndarray, " steps"], discount: float) -> Float[np.ndarray, " steps"]:
    """For each step the rewards from there on, discounted by their delay."""
    # solution
    t = np.arange(len(rewards))
    delay = np.maximum(t - t[:, None], 0)
    return (np.triu(discount**delay) @ rewards).astype(rewards.dtype)


if __name__ == "__main__":
    loops.show(loops.returns, [1.0, 2.0, 4.0], 0.5)
    tests.test_np_returns(np_returns)


# %% [markdown] lang="zh" tags=["hint"]
# $G_t$ 对每个 $r_s$ 的系数是什么？把它们写成一张表。
# %% [markdown] lang="en" tags=["hint"]
# What is the coefficient of $r_s$ in $G_t$?
# Write all of them as a table.
# %% [markdown] lang="zh" tags=["hint"]
# 第 $t$ 行第 $s$ 列是 $\gamma^{s-t}$，$s < t$ 时是 0；表乘向量就是答案。
# 也有人先乘 $\gamma^t$，从后往前累加，再除以 $\gamma^t$：$\gamma = 0$ 时会除以 0；步数多了，$\gamma^t$ 小得成了 0（下溢），也一样。
# %% [markdown] lang="en" tags=["hint"]
# Row $t$, column $s$ is $\gamma^{s-t}$, and 0 where $s < t$; that table times the vector is the answer.
# Another way multiplies by $\gamma^t$, sums from the end, and divides by $\gamma^t$: for $\gamma = 0$ that is a division by 0, and so it is after many steps, when $\gamma^t$ has become too small and is stored as 0 (underflow).
# %% [markdown] lang="zh"
# ### 练习 · 折扣回报，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · discounted returns, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_returns" difficulty=3 importance=4 minutes=6
def pt_returns(rewards: Float[Tensor, " steps"], discount: float) -> Float[Tensor, " steps"]:
    """For each step the rewards from there on, discounted by their delay."""
    # solution
    t = torch.arange(len(rewards))
    delay = (t - t[:, None]).clamp(min=0)
    return (discount**delay).triu().to(rewards.dtype) @ rewards


if __name__ == "__main__":
    tests.test_pt_returns(pt_returns)


# %% [markdown] lang="zh" tags=["hint"]
# `discount**delay` 是什么类型？`rewards` 是 float64 时，`@` 会怎样？
# %% [markdown] lang="en" tags=["hint"]
# What is the dtype of `discount**delay`?
# And what does `@` do if `rewards` is float64?
# %% [markdown] lang="zh" tags=["hint"]
# `triu` 留下对角线以上；`.to(rewards.dtype)` 让两边的类型一致。
# %% [markdown] lang="en" tags=["hint"]
# `triu` keeps the diagonal and what is above it; `.to(rewards.dtype)` makes the dtypes agree.
# %% [markdown] lang="zh" numbers="30 10 20 1 2 0"
# ## 5 · 排序与名次
# ### 排好的值，还是从哪里来
#
# `sort` 给出排好的值；`argsort` 给出它们*从哪里来*：第 0 个是最小的数原来的位置。
# 有了位置，就能让别的数组跟着同样的顺序走，这才是深度学习里常用的。
# 拿 $30, 10, 20$ 三个数来说：`argsort` 是 $1, 2, 0$，意思是“先拿第 1 个，再拿第 2 个，再拿第 0 个”。
# 它*不是*名次：名次是 $2, 0, 1$，30 排第 2，10 排第 0，20 排第 1。
# 两者互为逆排列（inverse permutation）：`argsort` 说第几名是谁，名次说谁是第几名。
# 相等的数谁在前？稳定排序（stable sort）保持它们原来的先后；两个库都要你明说才保证：NumPy 写 `kind="stable"`，PyTorch 写 `stable=True`。
# 所以要按两样东西排，就排两次，次要的先排：先按姓名，再稳定地按班级，同班的人就还是姓名的顺序。
# %% [markdown] lang="en" numbers="30 10 20 1 2 0"
# ## 5 · Sorting and ranking
# ### Sorted values, or where they came from
#
# `sort` gives the sorted values; `argsort` tells *where they came from*: its first number is the place of the smallest.
# With the places other arrays can follow the same order, and that is what deep learning mostly needs.
# For the numbers $30, 10, 20$ `argsort` is $1, 2, 0$: “take number 1 first, then number 2, then number 0”.
# These are *not* ranks: the ranks are $2, 0, 1$, since 30 comes at 2, 10 at 0 and 20 at 1.
# Each is the **inverse permutation** of the other: `argsort` says who comes at a place, ranks say at which place somebody comes.
# Which of equals comes first? A **stable sort** keeps them in their old order; both libraries promise that only if you ask for it: `kind="stable"` in NumPy, `stable=True` in PyTorch.
# So to sort by two things, sort twice, the lesser one first: by name, then stably by class, and in each class the names keep their order.
# %%
if __name__ == "__main__":
    x = np.array([30, 10, 20])
    print("sorted:", np.sort(x), "where from:", np.argsort(x), "ranks:", np.argsort(np.argsort(x)))
    names = np.array(["thirty", "ten", "twenty"])
    print("names in the same order:", names[np.argsort(x)])
    figures.places(x).show()


# %% [markdown] lang="zh" tags=["question"] see="np_ranks"
# `np.argsort(-x)` 与 `np.argsort(x)[::-1]` 都是从大到小。
# 什么时候结果不同？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_ranks"
# `np.argsort(-x)` and `np.argsort(x)[::-1]` both go from large to small.
# When do they differ?
# Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 有相等的数时：倒过来的稳定排序，连相等的数的先后也倒了过来。
# 取负号则保持原来的先后。
# %% [markdown] lang="en" tags=["answer"]
# Where numbers are equal: a stable sort read in reverse has equals in reverse order, too.
# With the minus sign they keep their order.
# %%
if __name__ == "__main__":
    x = np.array([1, 5, 5, 3])
    print(np.argsort(-x, kind="stable"), np.argsort(x, kind="stable")[::-1])


# %% [markdown] lang="zh" numbers="2 0"
# ### 练习 · 最大的 k 个在哪里 · 3 分钟
# 每一行最大的 `k` 个数的位置，从最大的开始；一行里没有相等的数，`k` 不超过列数；整数，哪种有符号的整数类型都行。
# 例如 `top_k([[1.5, 0.5, 2.0]], 2)` 是 `[[2, 0]]`。
# “前五个里有没有正确的”要它，文本生成也要它。
# %% [markdown] lang="en" numbers="2 0"
# ### Exercise · positions of the k largest · 3 min
# Return the positions of the `k` largest numbers of each row, the largest first; no two numbers of a row are equal, and `k` is at most the number of columns; whole numbers, of any signed integer dtype.
# For example, `top_k([[1.5, 0.5, 2.0]], 2)` is `[[2, 0]]`.
# “Is the right one among the first five?” needs it, and so does the generation of text.
# %% exercise="np_top_k" difficulty=1 importance=5 minutes=3
def np_top_k(scores: Float[np.ndarray, "batch n"], k: int) -> Int[np.ndarray, "batch k"]:
    """Where the k largest of each row are, the largest first."""
    # solution
    return np.argsort(-scores, axis=1)[:, :k]


if __name__ == "__main__":
    loops.show(loops.top_k, [[1.5, 0.5, 2.0]], 2)
    tests.test_np_top_k(np_top_k)


# %% [markdown] lang="zh" tags=["hint"]
# `argsort` 从小到大排：怎样让它从大到小？
# %% [markdown] lang="en" tags=["hint"]
# `argsort` goes from small to large: how do you make it go the other way?
# %% [markdown] lang="zh"
# ### 练习 · 最大的 k 个在哪里，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# `topk` 返回两样东西。
# %% [markdown] lang="en"
# ### Exercise · positions of the k largest, PyTorch · 2 min
# The same in PyTorch.
# `topk` returns two things.
# %% exercise="pt_top_k" difficulty=1 importance=5 minutes=2
def pt_top_k(scores: Float[Tensor, "batch n"], k: int) -> Int[Tensor, "batch k"]:
    """Where the k largest of each row are, the largest first."""
    # solution
    return scores.topk(k, dim=1).indices


if __name__ == "__main__":
    tests.test_pt_top_k(pt_top_k)


# %% [markdown] lang="zh" tags=["hint"]
# `topk` 给出值和位置；`argsort` 有 `descending`。
# %% [markdown] lang="en" tags=["hint"]
# `topk` gives values and indices; `argsort` has `descending`.
# %% [markdown] lang="zh" numbers="1 3 0 2"
# ### 练习 · 从长到短 · 5 分钟
# 返回一个顺序：按 `lengths` 从长到短排，一样长的保持原来的先后。
# 整数，哪种有符号的整数类型都行。
# 例如 `by_length([2, 5, 2, 5])` 是 `[1, 3, 0, 2]`。
# 把差不多长的句子放进同一批，补的词就少。
# %% [markdown] lang="en" numbers="1 3 0 2"
# ### Exercise · from long to short · 5 min
# Return the order of `lengths` from long to short; equal lengths keep their old order.
# Whole numbers, of any signed integer dtype.
# For example, `by_length([2, 5, 2, 5])` is `[1, 3, 0, 2]`.
# Put sentences of about the same length in one batch, and there is less padding.
# %% exercise="np_by_length" difficulty=2 importance=4 minutes=5
def np_by_length(lengths: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """The places of the longest to the shortest; equals keep their order."""
    # solution
    return np.argsort(-lengths, kind="stable")


if __name__ == "__main__":
    loops.show(loops.by_length, [2, 5, 2, 5])
    tests.test_np_by_length(np_by_length)


# %% [markdown] lang="zh" tags=["hint"]
# 相等的怎么办？`argsort` 的哪个参数管这件事？
# %% [markdown] lang="en" tags=["hint"]
# What about equal lengths?
# Which argument of `argsort` is about them?
# %% [markdown] lang="zh" tags=["hint"]
# `kind="stable"`；从大到小用负号，不要把结果倒过来。
# %% [markdown] lang="en" tags=["hint"]
# `kind="stable"`; for large to small use a minus sign, and don't reverse the result.
# %% [markdown] lang="zh"
# ### 练习 · 从长到短，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · from long to short, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_by_length" difficulty=2 importance=4 minutes=3
def pt_by_length(lengths: Int[Tensor, " n"]) -> Int[Tensor, " n"]:
    """The places of the longest to the shortest; equals keep their order."""
    # solution
    return lengths.argsort(descending=True, stable=True)


if __name__ == "__main__":
    tests.test_pt_by_length(pt_by_length)


# %% [markdown] lang="zh" tags=["hint"]
# `descending=True` 会把相等的也倒过来吗？试一试。
# %% [markdown] lang="en" tags=["hint"]
# Does `descending=True` reverse equals as well?
# Try it.
# %% [markdown] lang="zh" tags=["hint"]
# 还要 `stable=True`。
# %% [markdown] lang="en" tags=["hint"]
# You also need `stable=True`.
# %% [markdown] lang="zh" numbers="1 3 0"
# ### 练习 · 名次 · 5 分钟
# 每个数的名次：有几个数比它*小*。
# 相等的数名次相同。
# 整数，哪种有符号的整数类型都行。
# 例如 `ranks([0.5, 2.5, 0.5, -1.0])` 是 `[1, 3, 1, 0]`。
# 想知道两种打分排出的先后是否一致，看名次就够了，不管分数本身是多少。
# %% [markdown] lang="en" numbers="1 3 0"
# ### Exercise · ranks · 5 min
# The rank of each number: how many numbers are *smaller*.
# Equal numbers have equal ranks.
# Whole numbers, of any signed integer dtype.
# For example, `ranks([0.5, 2.5, 0.5, -1.0])` is `[1, 3, 1, 0]`.
# To see whether two ways of scoring put things in the same order, compare their ranks; the scores themselves don't matter.
# %% exercise="np_ranks" difficulty=2 importance=4 minutes=5
def np_ranks(x: Float[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """How many numbers are smaller than each."""
    # solution
    return np.searchsorted(np.sort(x), x)


if __name__ == "__main__":
    loops.show(loops.ranks, [0.5, 2.5, 0.5, -1.0])
    tests.test_np_ranks(np_ranks)


# %% [markdown] lang="zh" tags=["hint"]
# 在排好的数里，一个数第一次出现的位置说明什么？
# %% [markdown] lang="en" tags=["hint"]
# In the sorted numbers, what does it tell you where a number first occurs?
# %% [markdown] lang="zh" tags=["hint"]
# 查 `searchsorted`；或者把每个数与所有的数比较，再数一数。
# 用两次 `argsort`，相等的数会怎样？
# %% [markdown] lang="en" tags=["hint"]
# Look up `searchsorted`; or compare each number with all of them, and count.
# What happens to equal numbers if you use `argsort` twice?
# %% [markdown] lang="zh"
# ### 练习 · 名次，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · ranks, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_ranks" difficulty=2 importance=4 minutes=3
def pt_ranks(x: Float[Tensor, " n"]) -> Int[Tensor, " n"]:
    """How many numbers are smaller than each."""
    # solution
    return torch.searchsorted(x.sort().values, x.contiguous())


if __name__ == "__main__":
    tests.test_pt_ranks(pt_ranks)


# %% [markdown] lang="zh" tags=["hint"]
# `sort` 返回几样东西？
# %% [markdown] lang="en" tags=["hint"]
# How many things does `sort` return?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.searchsorted` 先收排好的，再收要找的；默认给的是最靠左的合适位置。
# %% [markdown] lang="en" tags=["hint"]
# `torch.searchsorted` takes the sorted numbers, then those to look for; by default it gives the leftmost place that fits.
# %% [markdown] lang="zh" numbers="1 3 0 2"
# ### 练习 · 逆排列 · 5 分钟
# `permutation` 是 0 到 $n - 1$ 的一个排列。
# 返回它的逆：先按 `permutation` 取，再按结果取，就回到原来的顺序，也就是 `x[permutation][result]` 等于 `x`。
# 整数，哪种有符号的整数类型都行。
# 例如 `inverse([2, 0, 1, 3])` 是 `[1, 2, 0, 3]`。
# 先按长度排好再算的，算完要放回原来的位置。
# %% [markdown] lang="en" numbers="1 3 0 2"
# ### Exercise · undoing a permutation · 5 min
# `permutation` holds 0 to $n - 1$ in some order.
# Return its inverse: taking by `permutation` and then by the result brings the old order back, so `x[permutation][result]` is `x`.
# Whole numbers, of any signed integer dtype.
# For example, `inverse([2, 0, 1, 3])` is `[1, 2, 0, 3]`.
# If you sort by length before you compute, the results must go back to their old places afterwards.
# %% exercise="np_inverse" difficulty=2 importance=4 minutes=5
def np_inverse(permutation: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """The permutation that undoes `permutation`."""
    # solution
    return np.argsort(permutation)


if __name__ == "__main__":
    loops.show(loops.inverse, [2, 0, 1, 3])
    tests.test_np_inverse(np_inverse)


# %% [markdown] lang="zh" tags=["hint"]
# `permutation` 的哪一格放着 0？那就是结果的第 0 格。
# %% [markdown] lang="en" tags=["hint"]
# In which cell of `permutation` is the 0?
# That is cell 0 of the result.
# %% [markdown] lang="zh" tags=["hint"]
# 把排列排好序，每个数从哪里来？或者写 `out[permutation] = …`。
# %% [markdown] lang="en" tags=["hint"]
# If you sort the permutation, where does each number come from?
# Or write `out[permutation] = …`.
# %% [markdown] lang="zh"
# ### 练习 · 逆排列，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · undoing a permutation, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_inverse" difficulty=2 importance=4 minutes=3
def pt_inverse(permutation: Int[Tensor, " n"]) -> Int[Tensor, " n"]:
    """The permutation that undoes `permutation`."""
    # solution
    return permutation.argsort()


if __name__ == "__main__":
    tests.test_pt_inverse(pt_inverse)


# %% [markdown] lang="zh" tags=["hint"]
# 和 NumPy 的想法一样：方法叫什么？
# %% [markdown] lang="en" tags=["hint"]
# The idea is the same as in NumPy: what is the method called?
# %% [markdown] lang="zh" tags=["hint"]
# `argsort`；或者造一个空的，再 `scatter` 写进去。
# %% [markdown] lang="en" tags=["hint"]
# `argsort`; or an empty tensor, written by `scatter`.
# %% [markdown] lang="zh"
# ### 练习 · 核采样的候选 · 10 分钟
# 每一行是一个概率分布，没有相等的数。
# 从最大的开始取，取到总和*达到* `p` 为止（最后那个也取）；返回一张掩码，取了的为真。
# $0 < p < 1$，而且不会有哪个总和与 `p` 相差不到 0.001。
# 手算：$0.1, 0.4, 0.2, 0.3$，$p = 0.75$，取 0.4 和 0.3，是 0.7，不够；再取 0.2，是 0.9，够了。
# 例如 `nucleus([[0.1, 0.4, 0.2, 0.3]], 0.75)` 是 `[[False, True, True, True]]`。
# 语言模型常只在这些候选里抽下一个词，叫 top-p 或 nucleus 采样。
# %% [markdown] lang="en"
# ### Exercise · the nucleus of a distribution · 10 min
# Each row is a probability distribution, and no two of its numbers are equal.
# Begin with the largest and take one after another until their total *reaches* `p` (the last one is taken, too); return a mask that is true for those taken. $0 < p < 1$, and no total comes closer to `p` than 0.001.
# By hand, for $0.1, 0.4, 0.2, 0.3$ and $p = 0.75$: take 0.4 and 0.3, 0.7 in all, not enough; take 0.2 as well, 0.9, enough.
# For example, `nucleus([[0.1, 0.4, 0.2, 0.3]], 0.75)` is `[[False, True, True, True]]`.
# Language models often draw the next word from these candidates only, by top-p or nucleus sampling.
# %% exercise="np_nucleus" difficulty=3 importance=4 minutes=10
def np_nucleus(probs: Float[np.ndarray, "batch n"], p: float) -> Bool[np.ndarray, "batch n"]:
    """Whether each is among the largest ones that together first reach p."""
    # solution
    order = np.argsort(-probs, axis=1)
    ordered = np.take_along_axis(probs, order, axis=1)
    before = ordered.cumsum(axis=1) - ordered
    return np.take_along_axis(before < p, np.argsort(order, axis=1), axis=1)


if __name__ == "__main__":
    loops.show(loops.nucleus, [[0.1, 0.4, 0.2, 0.3]], 0.75)
    tests.test_np_nucleus(np_nucleus)


# %% [markdown] lang="zh" tags=["hint"]
# 在排好的顺序里，一个数取不取，要看它*之前*的总和，还是包括它的总和？
# %% [markdown] lang="en" tags=["hint"]
# In sorted order, does it depend on the total *before* a number, or on the total with it?
# %% [markdown] lang="zh" tags=["hint"]
# 排序、累加、比较，再用逆排列放回原来的位置。
# 按行取下标用 `take_along_axis`。
# %% [markdown] lang="en" tags=["hint"]
# Sort, sum up, compare, then go back to the old places by the inverse permutation.
# `take_along_axis` takes indices row by row.
# %% [markdown] lang="zh"
# ### 练习 · 核采样的候选，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · the nucleus of a distribution, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_nucleus" difficulty=3 importance=4 minutes=6
def pt_nucleus(probs: Float[Tensor, "batch n"], p: float) -> Bool[Tensor, "batch n"]:
    """Whether each is among the largest ones that together first reach p."""
    # solution
    ordered, order = probs.sort(dim=1, descending=True)
    before = ordered.cumsum(dim=1) - ordered
    return (before < p).gather(1, order.argsort(dim=1))


if __name__ == "__main__":
    tests.test_pt_nucleus(pt_nucleus)


# %% [markdown] lang="zh" tags=["hint"]
# `take_along_axis` 在 PyTorch 里叫什么？
# %% [markdown] lang="en" tags=["hint"]
# What is `take_along_axis` called in PyTorch?
# %% [markdown] lang="zh" tags=["hint"]
# `gather` 按位置取，`scatter` 按位置放：用哪个，决定你要不要逆排列。
# %% [markdown] lang="en" tags=["hint"]
# `gather` takes by places, `scatter` puts by places: which one you use decides whether you need the inverse permutation.
# %% [markdown] lang="zh" tags=["question"] see="np_picked"
# `x[mask]` 和 `np.where(mask, x, 0)` 都“按掩码选”。
# 结果的形状有什么不同？哪一种能放进一批数据的计算里，每行还是一样长？
# %% [markdown] lang="en" tags=["question"] see="np_picked"
# `x[mask]` and `np.where(mask, x, 0)` both choose by a mask.
# How do their shapes differ, and with which do the rows of a batch keep one length?
# %% [markdown] lang="zh" tags=["answer"]
# `x[mask]` 只留真的，排成一行，行与行的界线没有了；`np.where` 保持原来的形状。
# 每行真的个数不同，就排不成表，所以批量的计算多用 `where`。
# %% [markdown] lang="en" tags=["answer"]
# `x[mask]` keeps the true ones in a single row, and the borders between rows are lost; `np.where` keeps the shape.
# Rows with different numbers of true cells make no table, so computations on batches mostly use `where`.
# %% [markdown] lang="zh" tags=["question"] see="np_one_hot"
# 把独热编码的表乘上一个矩阵（`one_hot @ table`），与 `table[labels]` 相比：结果一样吗？各要多少次乘法？
# %% [markdown] lang="en" tags=["question"] see="np_one_hot"
# A one-hot table times a matrix (`one_hot @ table`), compared with `table[labels]`: is the result the same?
# How many multiplications does each take?
# %% [markdown] lang="zh" tags=["answer"]
# 结果一样：每一行只有一个 1，正好取出那一行。
# 乘法却要“行数 × 类别数 × 列数”次，绝大多数是乘 0；取下标一次也不要。
# 所以嵌入层用查表实现，道理却是一个线性层。
# %% [markdown] lang="en" tags=["answer"]
# It is: each row has one 1, which takes out just that row.
# The product takes rows × classes × columns multiplications, nearly all by 0; indexing takes none.
# So an embedding is implemented as a look-up, and is a linear layer in principle.
# %% [markdown] lang="zh"
# ## 现在你会了
#
# 五种想法，够写大部分预处理和损失：每一格由下标算出；下标本身可以是数组；选择是一张表；一个轴消失或者留下每一步；顺序可以拿来再用。
# 下一课 `part0_drills_data` 是另外二十五题：广播、窗口、分组、线性代数、随机数。
# 这里的掩码、`picked`、`pad` 在语言模型里天天见，`crops` 在第 2 天的图像里，`returns` 在强化学习里。
#
# 还想再练：“100 numpy exercises”（Nicolas Rougier，英文）是 GitHub 上的一份题集，只有 NumPy，题目偏向数组本身的技巧；其中哪些题，你能说出深度学习里在哪里用得着？
# %% [markdown] lang="en"
# ## Now you know
#
# Five ideas carry most of preprocessing and losses: each cell follows from its indices; an index can be an array; a choice is a table; an axis vanishes or keeps each step; an order can be used again.
# The next lesson, `part0_drills_data`, has the other twenty-five: broadcasting, windows, groups, linear algebra, random numbers.
# Masks, `picked` and `pad` are used every day in language models, `crops` in the images of day 2, `returns` in reinforcement learning.
#
# For more of the kind: “100 numpy exercises” (Nicolas Rougier, in English), a collection on GitHub, has NumPy only, and more tricks with arrays as such; for which of them can you say where deep learning needs it?
