# %% [markdown] lang="zh" order=6
# # 第 0 天 · 五十题，两种写法（下）
#
# 另外二十五个小任务，还是每个写两遍：NumPy 一遍，PyTorch 一遍，一到五行，不写循环。
# 这一半讲的是数据怎样相遇：每个与每个、窗口、分组、矩阵、抽样。
#
# **先修**：`part0_drills`；第 9 节要 `part0_maths` 的特征值，第 10 节要 `part0_chance` 的期望。
# **时间**：约四小时，分开做：一天五题，每组一题。
# **怎么做**：和上一课一样，先读练习那一格打印的慢循环，说出每一格怎样算，再写成一行；第 10 节没有循环，规定写在题里。
#
# 评判的规矩与上一课相同：
# - 不许循环（`for`、`while`、推导式、`map`、`np.vectorize` 之类，也包括自己调用自己），按语法树检查；`np_` 不用 PyTorch，`pt_` 不用 NumPy 和 `tolist`；两个库里现成的函数和 einops 都可以用，结果可以是输入的视图。
# - 浮点输入是 float32 或 float64，几个浮点输入总是同一种，结果也是这一种，前四位对就行；个数和位置要分毫不差，哪种有符号的整数类型都行，只要放得下。结果里没有上一次调用留下的数，上一次的结果也不会变；NumPy 的警告不影响评判。
# - 输入不许改动，也不一定连续；传入的整数都是 int64；每个轴至少有一个元素，值都是有限的，不特别大，也不特别小，题目另有说明的除外。
# %% [markdown] lang="en" order=6
# # Day 0 · fifty drills in two libraries, part two
#
# Twenty-five more small tasks, again each to be written twice: in NumPy and in PyTorch, in one to five lines, without a loop.
# This half is about how data meets: each with each, windows, groups, matrices, draws.
#
# **You need** `part0_drills`; section 9 uses the eigenvalues of `part0_maths`, section 10 the expectation of `part0_chance`.
# **Time**: about four hours, but spread out: five a day, one of each group.
# **How to work**: as in the lesson before, read the slow loop that the exercise's cell prints, say how each cell is computed, then write it in a line; section 10 has no loops, its drills say what must hold.
#
# You are judged by the same rules:
# - No loops (`for`, `while`, comprehensions, `map`, `np.vectorize` and the like, nor a function that calls itself), by the syntax tree; `np_` without PyTorch, `pt_` without NumPy and `tolist`; any function that the two libraries have may be used, einops too, and a result may be a view of the input.
# - Floats in the input are float32 or float64, all of one call the same, and so is the result, whose first four digits are enough; counts and positions are exact, of any signed integer dtype with room for them. Nothing of the call before is left in a result, and the result of the call before stays as it was; NumPy's warnings don't count.
# - Inputs stay unchanged, and need not be contiguous; whole numbers in the input are int64; every axis has at least one element, and values are finite, neither huge nor tiny, except where a drill says otherwise.
# %%
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from part0_drills_data import figures, loops, tests

# %% [markdown] lang="zh" tags=["question"] see="part0_drills.np_ranks"
# 先回想上一课，不要翻看：`np.argsort(x)` 的第 0 个数说的是什么？它是名次吗？
# %% [markdown] lang="en" tags=["question"] see="part0_drills.np_ranks"
# From the last lesson, without looking it up: what does the first number of `np.argsort(x)` tell you?
# Is it a rank?
# %% [markdown] lang="zh" tags=["answer"]
# 最小的数原来在哪里。
# 不是名次：名次说每个数排第几，是 `argsort` 的逆排列。
# %% [markdown] lang="en" tags=["answer"]
# Where the smallest number was.
# It isn't a rank: ranks say at which place each number comes, and they are the inverse permutation of `argsort`.
# %% [markdown] lang="zh"
# ## 先选工具，再动手
# ### 看签名就能猜到一半
#
# 读到一个任务，先不要写，先看输入和输出的轴。少了一个轴，是归约；每个位置都有“到此为止”，是累积。
# 两个输入各有一个轴，结果里两个都在，是“每个与每个”；轴的长度变成组数，是分散（每个数自己说放进哪一组，见第 8 节）；多了一个轴、里面是相邻的几个，是窗口（window）：一小段相邻的元素。
# 窗口之后常常再归约：里面的轴又没有了，只留下窗口的个数 $n - \text{size} + 1$。
# 下一格列出三个签名，先说出各用什么。
# %% [markdown] lang="en"
# ## Choose the tool first, then write
# ### The signature gives away half of it
#
# When you read a task, don't write yet; look at the axes that come in and go out. If an axis is gone, it is a reduction; if each place has a result so far, a scan.
# If each of two inputs has an axis and the result has both, it is each with each; if an axis becomes as long as there are groups, scattering (each number tells into which group it goes: section 8); if a new axis holds a few neighbours, it takes **windows**, short runs of neighbours.
# A reduction often follows the windows: the new axis is gone again, and only the number of windows is left, $n - \text{size} + 1$.
# The next cell lists three signatures: say first what each one takes.
# %%
if __name__ == "__main__":
    print("a) (n d), (m d) -> (n m)", "b) (n), groups (n) -> (n_groups)", "c) (n), size -> (n-size+1)", sep="\n")

# %% [markdown] lang="zh" numbers="1 16 0 9"
# ## 6 · 广播：每个与每个
# ### 一列遇上一行
#
# 三个点，两个中心，要六个距离。
# 循环的写法是 `for` 套 `for`；数组的写法让点站成一列，中心站成一行，广播补齐这张表。
# 写法只有一条：在*不同*的位置插入长度为 1 的轴。
# 广播的规矩是：从右边对齐，缺的轴补成 1，每个轴上要么一样长，要么有一个是 1；$(2, 3)$ 与 $(2,)$ 报错，$(5, 1, 3)$ 与 $(4, 1)$ 成为 $(5, 4, 3)$。
# 点的形状 $(3, d)$ 变成 $(3, 1, d)$，中心的 $(2, d)$ 从右边对齐成 $(1, 2, d)$，差就是 $(3, 2, d)$；末轴求和，剩下 $(3, 2)$。
# 在一条线上手算（$d = 1$）：点 $0, 1, 5$，中心 $1, 4$，距离的平方依次是 $1, 16$；$0, 9$；$16, 1$。
# 代价是中间那张 $(3, 2, d)$ 的表：一万个点对一万个点，$d = 100$，就是一百亿个数。
# 展开成 $|a|^2 - 2ab + |b|^2$ 就能避开它，因为 `a @ b.T` 直接给出所有的 $ab$，最大的表只有一万乘一万；但点离原点远时不准，下面“两两距离”那道练习会说到。
# %% [markdown] lang="en" numbers="1 16 0 9"
# ## 6 · Broadcasting: each with each
# ### A column meets a row
#
# Three points, two centres: six distances are wanted.
# The loop is a `for` within a `for`; with arrays the points stand in a column, the centres in a row, and broadcasting fills the table.
# There is one thing to do: give the two of them axes of length 1 in *different* places.
# The rule of broadcasting: align from the right, make missing axes 1, and on each axis the lengths are equal or one of them is 1; $(2, 3)$ with $(2,)$ is an error, $(5, 1, 3)$ with $(4, 1)$ becomes $(5, 4, 3)$.
# The points' shape $(3, d)$ becomes $(3, 1, d)$, that of the centres, $(2, d)$, is aligned from the right to $(1, 2, d)$, and the difference has $(3, 2, d)$; the sum over the last axis leaves $(3, 2)$.
# By hand on a line ($d = 1$): points $0, 1, 5$ and centres $1, 4$ have the squared distances $1, 16$; $0, 9$; $16, 1$.
# The price is the table of $(3, 2, d)$ in between: ten thousand points against ten thousand, with $d = 100$, are ten billion numbers.
# With $|a|^2 - 2ab + |b|^2$ you don't need that table, since `a @ b.T` gives all the $ab$ at once, and the largest table is ten thousand by ten thousand; but far from the origin that is inexact: see the exercise on squared distances below.
# %%
if __name__ == "__main__":
    points, centres = np.array([[0], [1], [5]]), np.array([[1], [4]])
    print("by loop:", [[int((p - c) ** 2) for c in centres[:, 0]] for p in points[:, 0]])
    difference = points[:, None, :] - centres
    print("in a line:", (difference**2).sum(axis=-1).tolist(), "by way of", difference.shape)


# %% [markdown] lang="zh" tags=["question"] see="np_standardise"
# 一批图的形状是 $(8, 3, 5, 5)$，每个通道一个均值，形状 $(3,)$。
# `images - mean` 会怎样？如果图高 5、宽 3 呢？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_standardise"
# A batch of images has shape $(8, 3, 5, 5)$, and there is a mean for each channel, of shape $(3,)$.
# What does `images - mean` do, and what if the images have 5 rows and are 3 wide? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 报错：从右边对齐，3 对上了宽 5。
# 宽恰好是 3 时更糟：不报错，却从每一*列像素*减去了某个通道的均值。
# 正确的形状是 $(3, 1, 1)$：`mean[:, None, None]`。
# %% [markdown] lang="en" tags=["answer"]
# An error: aligned from the right, 3 meets the width, 5.
# With a width of 3 it is worse: no error, but the mean of some channel is subtracted from each *column of pixels*.
# The right shape is $(3, 1, 1)$: `mean[:, None, None]`.
# %%
if __name__ == "__main__":
    for width in (5, 3):
        try:
            print(width, "wide:", (np.zeros((8, 3, 5, width)) - np.arange(3.0))[0, 0, 0])
        except ValueError as error:
            print(width, "wide:", error)


# %% [markdown] lang="zh" numbers="0 1 2"
# ### 练习 · 按通道标准化 · 3 分钟
# 每个通道减去自己的均值，除以自己的标准差；`mean` 和 `std` 每个通道各一个数。
# 例如 `standardise([[[[1.0, 3.0]], [[10.0, 50.0]]]], [1.0, 10.0], [2.0, 20.0])` 是 `[[[[0, 1]], [[0, 2]]]]`。
# 别人训练好的网络，多半要的就是这样处理过的图，而且要用它训练时的那组均值和标准差。
# %% [markdown] lang="en" numbers="0 1 2"
# ### Exercise · standardised channels · 3 min
# From each channel subtract its own mean, and divide by its own standard deviation; `mean` and `std` have a number for each channel.
# For example, `standardise([[[[1.0, 3.0]], [[10.0, 50.0]]]], [1.0, 10.0], [2.0, 20.0])` is `[[[[0, 1]], [[0, 2]]]]`.
# A network that somebody else has trained mostly expects such images, made with the means and deviations of its own training.
# %% exercise="np_standardise" difficulty=1 importance=5 minutes=3
def np_standardise(
    images: Float[np.ndarray, "batch c height width"], mean: Float[np.ndarray, " c"], std: Float[np.ndarray, " c"]
) -> Float[np.ndarray, "batch c height width"]:
    """Each channel minus its mean, over its standard deviation."""
    # solution
    return (images - mean[:, None, None]) / std[:, None, None]


if __name__ == "__main__":
    loops.show(loops.standardise, [[[[1.0, 3.0]], [[10.0, 50.0]]]], [1.0, 10.0], [2.0, 20.0])
    tests.test_np_standardise(np_standardise)


# %% [markdown] lang="zh" tags=["hint"]
# `mean` 要成为什么形状，才对得上通道那个轴？
# %% [markdown] lang="en" tags=["hint"]
# What shape must `mean` have, so that it meets the axis of channels?
# %% [markdown] lang="zh"
# ### 练习 · 按通道标准化，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · standardised channels, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_standardise" difficulty=1 importance=5 minutes=2
def pt_standardise(
    images: Float[Tensor, "batch c height width"], mean: Float[Tensor, " c"], std: Float[Tensor, " c"]
) -> Float[Tensor, "batch c height width"]:
    """Each channel minus its mean, over its standard deviation."""
    # solution
    return (images - mean[:, None, None]) / std[:, None, None]


if __name__ == "__main__":
    tests.test_pt_standardise(pt_standardise)


# %% [markdown] lang="zh" tags=["hint"]
# 与 NumPy 一字不差。
# %% [markdown] lang="en" tags=["hint"]
# It is written exactly as in NumPy.
# %% [markdown] lang="zh" numbers="0 1 -1"
# ### 练习 · 相对位置 · 3 分钟
# 一个 $n \times n$ 的表：第 $i$ 行第 $j$ 列是 $j - i$，但不超出 $-$`furthest` 到 `furthest`。
# 例如 `relative(3, 1)` 是 `[[0, 1, 1], [-1, 0, 1], [-1, -1, 0]]`。
# 有的 Transformer 不管词在哪里，只管隔多远；太远的都算一样远。
# %% [markdown] lang="en" numbers="0 1 -1"
# ### Exercise · relative positions · 3 min
# An $n \times n$ table: row $i$, column $j$ is $j - i$, but held between $-$`furthest` and `furthest`.
# For example, `relative(3, 1)` is `[[0, 1, 1], [-1, 0, 1], [-1, -1, 0]]`.
# Some transformers don't ask where a word is, but how far from another; beyond a bound all are equally far.
# %% exercise="np_relative" difficulty=1 importance=4 minutes=3
def np_relative(n: int, furthest: int) -> Int[np.ndarray, "n n"]:
    """How far j is behind i, held within a bound."""
    # solution
    return np.clip(np.arange(n) - np.arange(n)[:, None], -furthest, furthest)


if __name__ == "__main__":
    loops.show(loops.relative, 3, 1)
    tests.test_np_relative(np_relative)


# %% [markdown] lang="zh" tags=["hint"]
# 行号一列，列号一行；哪个减哪个？界限用 `clip`。
# %% [markdown] lang="en" tags=["hint"]
# Row numbers in a column, column numbers in a row; which minus which?
# For the bounds, look up `clip`.
# %% [markdown] lang="zh"
# ### 练习 · 相对位置，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · relative positions, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_relative" difficulty=1 importance=4 minutes=2
def pt_relative(n: int, furthest: int) -> Int[Tensor, "n n"]:
    """How far j is behind i, held within a bound."""
    # solution
    return (torch.arange(n) - torch.arange(n)[:, None]).clamp(-furthest, furthest)


if __name__ == "__main__":
    tests.test_pt_relative(pt_relative)


# %% [markdown] lang="zh" tags=["hint"]
# NumPy 的 `clip` 在 PyTorch 里常写作 `clamp`。
# %% [markdown] lang="en" tags=["hint"]
# NumPy's `clip` is mostly written `clamp` in PyTorch.
# %% [markdown] lang="zh" numbers="25 8"
# ### 练习 · 两两距离的平方 · 5 分钟
# `a` 的每一行到 `b` 的每一行的距离的平方。
# 点离原点很远、彼此却很近时也要准：展开成 $|a|^2 - 2ab + |b|^2$ 的写法在 float32 里可能失去全部有效数字；先减去共同的平均再展开也不行，因为点可能分成相距很远的几团。
# 例如 `squared_distances([[0.0, 0.0], [1.0, 2.0]], [[3.0, 4.0]])` 是 `[[25], [8]]`。
# 找最近的邻居、把相近的点归成一类，都从这张表开始。
# %% [markdown] lang="en" numbers="25 8"
# ### Exercise · squared distances of all pairs · 5 min
# The squared distance of each row of `a` from each row of `b`.
# It must be right for points far from the origin and close to each other: expanded to $|a|^2 - 2ab + |b|^2$ it may lose all its digits in float32; nor does it help to subtract a common mean first, since the points may lie in clusters that are far apart.
# For example, `squared_distances([[0.0, 0.0], [1.0, 2.0]], [[3.0, 4.0]])` is `[[25], [8]]`.
# To find nearest neighbours, or to group points that are close, you begin with this table.
# %% exercise="np_squared_distances" difficulty=2 importance=5 minutes=5
def np_squared_distances(a: Float[np.ndarray, "n d"], b: Float[np.ndarray, "m d"]) -> Float[np.ndarray, "n m"]:
    """The squared distance of each row of `a` from each of `b`."""
    # solution
    return ((a[:, None] - b) ** 2).sum(axis=-1)


if __name__ == "__main__":
    loops.show(loops.squared_distances, [[0.0, 0.0], [1.0, 2.0]], [[3.0, 4.0]])
    tests.test_np_squared_distances(np_squared_distances)


# %% [markdown] lang="zh" tags=["hint"]
# 在 `a` 的哪里插入一个轴，才能让它的每一行遇上 `b` 的每一行？
# %% [markdown] lang="en" tags=["hint"]
# Where does `a` need an axis, so that each of its rows meets each row of `b`?
# %% [markdown] lang="zh" tags=["hint"]
# 差的形状是 `n m d`：平方，在末轴求和。
# %% [markdown] lang="en" tags=["hint"]
# The difference has shape `n m d`: square it and sum over the last axis.
# %% [markdown] lang="zh"
# ### 练习 · 两两距离的平方，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# `torch.cdist` 也可以，它给的是距离，没有平方；`a` 或 `b` 的行数超过 25 时，它默认改用上面说的展开，要写 `compute_mode="donot_use_mm_for_euclid_dist"`。
# %% [markdown] lang="en"
# ### Exercise · squared distances of all pairs, PyTorch · 3 min
# The same in PyTorch.
# `torch.cdist` may be used; it gives distances, not their squares; if `a` or `b` has more than 25 rows, its default is that expansion, so write `compute_mode="donot_use_mm_for_euclid_dist"`.
# %% exercise="pt_squared_distances" difficulty=2 importance=5 minutes=3
def pt_squared_distances(a: Float[Tensor, "n d"], b: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """The squared distance of each row of `a` from each of `b`."""
    # solution
    return ((a[:, None] - b) ** 2).sum(dim=-1)


if __name__ == "__main__":
    tests.test_pt_squared_distances(pt_squared_distances)


# %% [markdown] lang="zh" tags=["hint"]
# 不用 `cdist` 时，`a` 和 `b` 各要变成什么形状，才能直接相减？
# %% [markdown] lang="en" tags=["hint"]
# Without `cdist`: which shapes must `a` and `b` take before you subtract one from the other?
# %% [markdown] lang="zh" tags=["hint"]
# 同样的三步：插轴，相减，平方求和。
# %% [markdown] lang="en" tags=["hint"]
# The same three steps: an axis, a difference, a sum of squares.
# %% [markdown] lang="zh" numbers="1 0 0.141 1.995"
# ### 练习 · 旋转位置编码 · 5 分钟
# 末轴是一对数 $(a, b)$，看成平面上的点，逆时针旋转一个角（弧度）：$(a \cos - b \sin,\ a \sin + b \cos)$。
# 第 $k$ 对用 `angles` 的第 $k$ 个角，整批相同；类型与 `x` 相同。
# 例如 `rotate([[[1.0, 0.0], [2.0, 0.0]]], [0.0, 1.5])` 是 `[[[1, 0], [0.141, 1.995]]]`。
# 今天的语言模型多半这样编码位置：位置越靠后，转得越多。
# %% [markdown] lang="en" numbers="1 0 0.141 1.995"
# ### Exercise · rotary positions · 5 min
# The last axis holds a pair $(a, b)$, a point in the plane, to be rotated counter-clockwise by an angle (in radians): $(a \cos - b \sin,\ a \sin + b \cos)$.
# Pair $k$ turns by angle $k$ of `angles`, the same in the whole batch; keep the dtype of `x`.
# For example, `rotate([[[1.0, 0.0], [2.0, 0.0]]], [0.0, 1.5])` is `[[[1, 0], [0.141, 1.995]]]`.
# Most of today's language models encode positions like this: the later a position, the more it turns.
# %% exercise="np_rotate" difficulty=2 importance=4 minutes=5
def np_rotate(
    x: Float[np.ndarray, "batch pairs 2"], angles: Float[np.ndarray, " pairs"]
) -> Float[np.ndarray, "batch pairs 2"]:
    """Each pair rotated by its angle."""
    # solution
    a, b, cos, sin = x[..., 0], x[..., 1], np.cos(angles), np.sin(angles)
    return np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1)


if __name__ == "__main__":
    loops.show(loops.rotate, [[[1.0, 0.0], [2.0, 0.0]]], [0.0, 1.5])
    tests.test_np_rotate(np_rotate)


# %% [markdown] lang="zh" tags=["hint"]
# `x[..., 0]` 的形状是什么？它与 `angles` 从右边对得上吗？
# %% [markdown] lang="en" tags=["hint"]
# What is the shape of `x[..., 0]`, and does it fit `angles` from the right?
# %% [markdown] lang="zh" tags=["hint"]
# 算出新的两个坐标，各是 `batch pairs`，再 `stack` 到末轴。
# %% [markdown] lang="en" tags=["hint"]
# Compute the two new coordinates, each `batch pairs`, and `stack` them on the last axis.
# %% [markdown] lang="zh"
# ### 练习 · 旋转位置编码，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · rotary positions, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_rotate" difficulty=2 importance=4 minutes=3
def pt_rotate(x: Float[Tensor, "batch pairs 2"], angles: Float[Tensor, " pairs"]) -> Float[Tensor, "batch pairs 2"]:
    """Each pair rotated by its angle."""
    # solution
    a, b, cos, sin = x[..., 0], x[..., 1], angles.cos(), angles.sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1)


if __name__ == "__main__":
    tests.test_pt_rotate(pt_rotate)


# %% [markdown] lang="zh" tags=["hint"]
# 两个坐标都要用*旧*的值算：就地改动会出什么错？
# %% [markdown] lang="en" tags=["hint"]
# Both coordinates need the *old* values: what goes wrong if you work in place?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.stack` 的 `dim=-1`；也可以把每对看成一个复数。
# %% [markdown] lang="en" tags=["hint"]
# `torch.stack` with `dim=-1`; or see each pair as a complex number.
# %% [markdown] lang="zh" numbers="0.143 0"
# ### 练习 · 框的重叠 · 10 分钟
# 每个框是四个数：左、上、右、下，右大于左，下大于上。
# 返回 `a` 的每个框与 `b` 的每个框的交并比：重叠的面积，除以两个框合起来盖住的面积；不重叠就是 0。
# 手算：左上角在 $(0, 0)$、边长 2 的方框，与左上角在 $(1, 1)$、边长 2 的方框，重叠 1，合起来 $4 + 4 - 1 = 7$。
# 例如 `iou([[0.0, 0.0, 2.0, 2.0]], [[1.0, 1.0, 3.0, 3.0], [5.0, 0.0, 6.0, 1.0], [0.0, 5.0, 1.0, 6.0]])` 是 `[[0.143, 0, 0]]`。
# 物体检测靠它判断两个框框住的是不是同一个东西。
# %% [markdown] lang="en" numbers="0.143 0"
# ### Exercise · the overlap of boxes · 10 min
# A box is four numbers: left, top, right, bottom; right is larger than left, and bottom larger than top.
# For each box of `a` and each of `b` return the intersection over union: the area that they share, over the area that they cover together; 0 if they share none.
# By hand: a square of side 2 with its upper left corner at $(0, 0)$ and one of side 2 at $(1, 1)$ share 1 and cover $4 + 4 - 1 = 7$.
# For example, `iou([[0.0, 0.0, 2.0, 2.0]], [[1.0, 1.0, 3.0, 3.0], [5.0, 0.0, 6.0, 1.0], [0.0, 5.0, 1.0, 6.0]])` is `[[0.143, 0, 0]]`.
# Object detection uses it to tell whether two boxes are around the same thing.
# %% exercise="np_iou" difficulty=3 importance=4 minutes=10
def np_iou(a: Float[np.ndarray, "n 4"], b: Float[np.ndarray, "m 4"]) -> Float[np.ndarray, "n m"]:
    """The shared area of each pair of boxes over the area they cover together."""
    # solution
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    shared = np.maximum(high - low, 0).prod(axis=-1)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(axis=-1), (b[:, 2:] - b[:, :2]).prod(axis=-1)
    return shared / (area_a[:, None] + area_b - shared)


if __name__ == "__main__":
    loops.show(loops.iou, [[0.0, 0.0, 2.0, 2.0]], [[1.0, 1.0, 3.0, 3.0], [5.0, 0.0, 6.0, 1.0], [0.0, 5.0, 1.0, 6.0]])
    tests.test_np_iou(np_iou)


# %% [markdown] lang="zh" tags=["hint"]
# 重叠部分的左边是两个左边里的哪一个？右边呢？
# %% [markdown] lang="en" tags=["hint"]
# Which of the two left sides is the left side of the shared part, and which right side its right?
# %% [markdown] lang="zh" tags=["hint"]
# 宽和高都可能是负的，那就是没有重叠：*先*压到 0，*再*相乘，否则两个负数会乘成正的。
# %% [markdown] lang="en" tags=["hint"]
# Width and height may come out negative, which means nothing is shared: bring them to 0 *first*, multiply *then*, since two negative ones multiplied make a positive area.
# %% [markdown] lang="zh"
# ### 练习 · 框的重叠，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · the overlap of boxes, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_iou" difficulty=3 importance=4 minutes=6
def pt_iou(a: Float[Tensor, "n 4"], b: Float[Tensor, "m 4"]) -> Float[Tensor, "n m"]:
    """The shared area of each pair of boxes over the area they cover together."""
    # solution
    low, high = torch.maximum(a[:, None, :2], b[:, :2]), torch.minimum(a[:, None, 2:], b[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(dim=-1), (b[:, 2:] - b[:, :2]).prod(dim=-1)
    return shared / (area_a[:, None] + area_b - shared)


if __name__ == "__main__":
    tests.test_pt_iou(pt_iou)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.max(a, b)` 与 `torch.maximum(a, b)` 有什么不同？
# %% [markdown] lang="en" tags=["hint"]
# How do `torch.max(a, b)` and `torch.maximum(a, b)` differ?
# %% [markdown] lang="zh" tags=["hint"]
# `clamp(min=0)` 之后 `prod(dim=-1)`；两个面积也要一列遇上一行。
# %% [markdown] lang="en" tags=["hint"]
# `clamp(min=0)`, then `prod(dim=-1)`; the two areas meet as column and row as well.
# %% [markdown] lang="zh" numbers="3"
# ## 7 · 窗口
# ### 同一行数，重叠着读
# 要一行数里每三个相邻的数，循环切一片又一片：`x[0:3]`、`x[1:4]`……
# 全部窗口排成一张表，一行一个，后面的计算就是普通的归约。
# 这张表不必拷贝：`part0_tensors` 讲过，同一块内存换一组步长就是另一张表，这里两个轴的步长都是 1 个元素。
# `x.strides`（NumPy）数的是字节，`x.stride()`（PyTorch）数的是元素：float64 每个数 8 字节，形状 $(3, 4)$ 是 $(32, 8)$ 和 $(4, 1)$；转置只把两个轴的长度和步长对调，一个数也不搬。
# NumPy 叫 `np.lib.stride_tricks.sliding_window_view`，窗口的大小和 `axis` 各是一个数，或者各是一个元组；PyTorch 叫 `unfold(axis, size, hop)`，一次管一个轴。
# 两边都把窗口里的轴放在最后。窗口重叠、共用内存，只读不写：写一格，含它的每个窗口和 `x` 都变（所以 NumPy 的这张视图是只读的，PyTorch 的不是）。
# 长 5，窗口 3，能放 $5 - 3 + 1 = 3$ 个；起点每次前进 `hop` 格，就是每 `hop` 个里取一个。
# 一个接一个、不重叠的窗口更简单：先切到窗口长度的整数倍，`reshape` 就够了。
# %% [markdown] lang="en" numbers="3"
# ## 7 · Windows
# ### The same row, read with overlaps
# You want every three neighbours in a row of numbers.
# The loop cuts slice after slice: `x[0:3]`, `x[1:4]`, …
# With all windows in a table, a row for each, what follows is an ordinary reduction.
# The table needs no copy: as `part0_tensors` explained, the same memory with other strides is another table, and here both axes have a stride of one element.
# `x.strides` of NumPy counts bytes, `x.stride()` of PyTorch elements: with 8 bytes a number (float64) the shape $(3, 4)$ has $(32, 8)$ and $(4, 1)$; a transpose only exchanges the lengths and strides of the two axes, and moves no number.
# In NumPy it is `np.lib.stride_tricks.sliding_window_view`, whose window size and `axis` are a number each, or a tuple each; in PyTorch it is `unfold(axis, size, hop)`, for one axis at a time.
# Both put the axes of the windows last. Windows overlap and share memory, so only read them: writing one cell changes each window that holds it, and `x` (for that reason NumPy's view is read-only; PyTorch's isn't).
# In a row of 5 there are $5 - 3 + 1 = 3$ windows of 3; if one begins every `hop` places, take the first of them and every `hop`-th after it.
# Windows that follow one another without overlap are simpler still: cut the row to a multiple of their length, and `reshape` is enough.
# %%
if __name__ == "__main__":
    x = np.array([1, 2, 4, 8, 16])
    windows = np.lib.stride_tricks.sliding_window_view(x, 3)
    print("by loop:", [x[i : i + 3].tolist() for i in range(len(x) - 3 + 1)])
    print("in a line:", windows.tolist(), len(windows), "windows; a copy:", not np.shares_memory(windows, x))
    figures.windows(12, size=5, hop=3).show()


# %% [markdown] lang="zh" tags=["question"] see="np_frames"
# 长 10 的信号，窗口长 4，起点每次前进 3 格：有几个窗口？最后剩下几个数没有窗口看到？先算，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_frames"
# A signal of 10 numbers, windows of 4, one every 3 places: how many windows are there, and how many numbers at the end are in none?
# Work it out, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 窗口从 0、3、6 开始，$6 + 4 = 10$ 正好到底：三个，一个也不剩。
# 长 12 时仍是三个（从 9 开始的要到 13），剩两个。
# %% [markdown] lang="en" tags=["answer"]
# They begin at 0, 3 and 6, and $6 + 4 = 10$ is just the end: three windows, and nothing is left.
# Of 12 numbers there are still three (one at 9 would need 13), and two are left.
# %%
if __name__ == "__main__":
    for n in (10, 12):
        windows = torch.arange(n).unfold(0, 4, 3)  # axis 0, size 4, hop 3
        print(n, "numbers:", len(windows), "windows, left over:", n - 1 - int(windows.max()))


# %% [markdown] lang="zh" numbers="2 7"
# ### 练习 · 每几个取平均 · 3 分钟
# 把一行数从头起每 `size` 个一组，求每组的平均；末尾不够一组的丢掉，至少有一组；类型与 `x` 相同。
# 例如 `pool([1.0, 3.0, 5.0, 9.0, 7.0], 2)` 是 `[2, 7]`。
# 平均池化、把曲线变疏，都是它。
# %% [markdown] lang="en" numbers="2 7"
# ### Exercise · means of groups in a row · 3 min
# Group a row of numbers from its beginning, `size` at a time, and return the mean of each group; what doesn't fill a group at the end is dropped, and there is at least one group; keep the dtype of `x`.
# For example, `pool([1.0, 3.0, 5.0, 9.0, 7.0], 2)` is `[2, 7]`.
# This is average pooling, and how a long curve is thinned out.
# %% exercise="np_pool" difficulty=1 importance=4 minutes=3
def np_pool(x: Float[np.ndarray, " n"], size: int) -> Float[np.ndarray, " groups"]:
    """The mean of each `size` numbers in a row, without the incomplete group at the end."""
    # solution
    return x[: len(x) // size * size].reshape(-1, size).mean(axis=1)


if __name__ == "__main__":
    loops.show(loops.pool, [1.0, 3.0, 5.0, 9.0, 7.0], 2)
    tests.test_np_pool(np_pool)


# %% [markdown] lang="zh" tags=["hint"]
# 最多用得上几个数？切到那里，再分成行。
# %% [markdown] lang="en" tags=["hint"]
# How many numbers can be used?
# Cut there, then make rows.
# %% [markdown] lang="zh"
# ### 练习 · 每几个取平均，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · means of groups in a row, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_pool" difficulty=1 importance=4 minutes=2
def pt_pool(x: Float[Tensor, " n"], size: int) -> Float[Tensor, " groups"]:
    """The mean of each `size` numbers in a row, without the incomplete group at the end."""
    # solution
    return x[: len(x) // size * size].reshape(-1, size).mean(dim=1)


if __name__ == "__main__":
    tests.test_pt_pool(pt_pool)


# %% [markdown] lang="zh" tags=["hint"]
# 轴换过顺序以后，`view` 常常报错，`reshape` 不会：它必要时先抄一份。
# %% [markdown] lang="en" tags=["hint"]
# Once axes have changed places, `view` often refuses; `reshape` does not: it copies if it must.
# %% [markdown] lang="zh" numbers="5 6 7 8"
# ### 练习 · 上文与下一个词 · 3 分钟
# 每 `size` 个相邻的词是一段上文，紧跟着的那个词是要预测的目标。
# 返回两样：全部上文（一行一段）和全部目标。
# `size` 小于词数。
# 例如 `contexts([5, 6, 7, 8], 2)` 是 `[[5, 6], [6, 7]] [7, 8]`。
# 只看前面固定几个词的语言模型，训练数据就是这样来的。
# %% [markdown] lang="en" numbers="5 6 7 8"
# ### Exercise · contexts and next tokens · 3 min
# Each `size` neighbouring tokens are a context, and the one right after them is the target.
# Return two things: all contexts (a row for each) and all targets.
# `size` is below the number of tokens.
# For example, `contexts([5, 6, 7, 8], 2)` is `[[5, 6], [6, 7]] [7, 8]`.
# A language model that sees a fixed number of earlier words gets its training data like this.
# %% exercise="np_contexts" difficulty=1 importance=5 minutes=3
def np_contexts(
    tokens: Int[np.ndarray, " n"], size: int
) -> tuple[Int[np.ndarray, "contexts size"], Int[np.ndarray, " contexts"]]:
    """All runs of `size` tokens, and the token after each."""
    # solution
    windows = np.lib.stride_tricks.sliding_window_view(tokens, size + 1)
    return windows[:, :-1], windows[:, -1]


if __name__ == "__main__":
    loops.show(loops.contexts, [5, 6, 7, 8], 2)
    tests.test_np_contexts(np_contexts)


# %% [markdown] lang="zh" tags=["hint"]
# 如果窗口长 `size + 1`，一个窗口里已经有了什么？
# %% [markdown] lang="en" tags=["hint"]
# If windows have length `size + 1`, what does each hold already?
# %% [markdown] lang="zh"
# ### 练习 · 上文与下一个词，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · contexts and next tokens, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_contexts" difficulty=1 importance=5 minutes=2
def pt_contexts(tokens: Int[Tensor, " n"], size: int) -> tuple[Int[Tensor, "contexts size"], Int[Tensor, " contexts"]]:
    """All runs of `size` tokens, and the token after each."""
    # solution
    windows = tokens.unfold(0, size + 1, 1)
    return windows[:, :-1], windows[:, -1]


if __name__ == "__main__":
    tests.test_pt_contexts(pt_contexts)


# %% [markdown] lang="zh" tags=["hint"]
# `unfold(dimension, size, step)`：三个数各是什么？
# %% [markdown] lang="en" tags=["hint"]
# `unfold(dimension, size, step)`: what are the three numbers here?
# %% [markdown] lang="zh" numbers="0 1 2 3 4"
# ### 练习 · 声音切成帧 · 5 分钟
# 从头起，取一段又一段 `size` 个相邻的数，起点每次前进 `hop` 格；放不下整段的就不取，至少放得下一段。
# 例如 `frames([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2)` 是 `[[0, 1, 2], [2, 3, 4], [4, 5, 6]]`，最后再多一个数也一样。
# 语音识别先把声音切成重叠的帧，再逐帧分析。
# %% [markdown] lang="en" numbers="0 1 2 3 4"
# ### Exercise · frames of a signal · 5 min
# Start at the beginning and, every `hop` places, take `size` neighbouring numbers; where they no longer fit, take nothing; at least one run fits.
# For example, `frames([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2)` is `[[0, 1, 2], [2, 3, 4], [4, 5, 6]]`; one more number at the end changes nothing.
# Speech recognition first cuts sound into overlapping frames, and then looks at each.
# %% exercise="np_frames" difficulty=2 importance=4 minutes=5
def np_frames(signal: Float[np.ndarray, " n"], size: int, hop: int) -> Float[np.ndarray, "frames size"]:
    """Runs of `size` numbers, one every `hop` places."""
    # solution
    return np.lib.stride_tricks.sliding_window_view(signal, size)[::hop]


if __name__ == "__main__":
    loops.show(loops.frames, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2)
    tests.test_np_frames(np_frames)


# %% [markdown] lang="zh" tags=["hint"]
# 先不管 `hop`：全部窗口是哪张表？
# %% [markdown] lang="en" tags=["hint"]
# Leave `hop` aside at first: what is the table of all windows?
# %% [markdown] lang="zh" tags=["hint"]
# 再每 `hop` 行取一行。
# 不用窗口函数也行：一列起点加一行 `arange`，就是下标。
# %% [markdown] lang="en" tags=["hint"]
# Then take every `hop`-th row.
# Without a window function: a column of beginnings plus a row of `arange` are the indices.
# %% [markdown] lang="zh"
# ### 练习 · 声音切成帧，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · frames of a signal, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_frames" difficulty=2 importance=4 minutes=3
def pt_frames(signal: Float[Tensor, " n"], size: int, hop: int) -> Float[Tensor, "frames size"]:
    """Runs of `size` numbers, one every `hop` places."""
    # solution
    return signal.unfold(0, size, hop)


if __name__ == "__main__":
    tests.test_pt_frames(pt_frames)


# %% [markdown] lang="zh" tags=["hint"]
# NumPy 分两步，PyTorch 的一个函数全包了：第二步是它的哪个参数？
# %% [markdown] lang="en" tags=["hint"]
# NumPy takes two steps; one function of PyTorch does both: which of its arguments is the second step?
# %% [markdown] lang="zh" tags=["hint"]
# `unfold` 的第三个参数是每次前进几格。
# %% [markdown] lang="en" tags=["hint"]
# The third argument of `unfold` says how far the beginning moves each time.
# %% [markdown] lang="zh" numbers="0 1 3 4 2 5"
# ### 练习 · 把卷积变成矩阵乘法 · 5 分钟
# 从每张图取出全部 `size`×`size` 的窗口（每个放得下的位置一个），每个窗口展成一行：先一个通道的各行，再下一个通道的。
# 窗口的顺序：先从左到右，再从上到下。
# 例如一张图有两个 3×3 的通道，依次放着 0 到 8 和 9 到 17，`size` 是 2，结果就是 `[[[0, 1, 3, 4, 9, 10, 12, 13], [1, 2, 4, 5, 10, 11, 13, 14], [3, 4, 6, 7, 12, 13, 15, 16], [4, 5, 7, 8, 13, 14, 16, 17]]]`。
# 第 2 天的卷积，就是每个窗口与一小张权重（核）的内积：这张表乘展平的核；名字 im2col 是“图像变成列”的意思，这里的窗口却排成行。
# %% [markdown] lang="en" numbers="0 1 3 4 2 5"
# ### Exercise · a convolution made a matrix product · 5 min
# From each image take all windows of `size`×`size` (one at each place where it fits), and lay each out as a row: the rows of one channel, then those of the next.
# The windows come from left to right, then from top to bottom.
# For example, an image with two channels of 3×3 that hold 0 to 8 and 9 to 17 in order gives, with a `size` of 2, `[[[0, 1, 3, 4, 9, 10, 12, 13], [1, 2, 4, 5, 10, 11, 13, 14], [3, 4, 6, 7, 12, 13, 15, 16], [4, 5, 7, 8, 13, 14, 16, 17]]]`.
# On day 2 a convolution is the inner product of each window with a small table of weights, its kernel: this table times the flattened kernels; im2col means image to columns, although the windows are rows here.
# %% exercise="np_im2col" difficulty=2 importance=4 minutes=5
def np_im2col(
    images: Float[np.ndarray, "batch c height width"], size: int
) -> Float[np.ndarray, "batch positions window"]:
    """Each window of each image as a row."""
    # solution
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(2, 3))
    batch, c, height, width = windows.shape[:4]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(batch, height * width, c * size * size)


if __name__ == "__main__":
    loops.show(loops.im2col, np.arange(18).reshape(1, 2, 3, 3).tolist(), 2)
    tests.test_np_im2col(np_im2col)


# %% [markdown] lang="zh" tags=["hint"]
# 两个方向都开窗口，得到六个轴：各是什么？
# %% [markdown] lang="en" tags=["hint"]
# With windows in both directions there are six axes: what are they?
# %% [markdown] lang="zh" tags=["hint"]
# 把轴排成 `batch row column channel i j`，再合并中间两个和最后三个。
# %% [markdown] lang="en" tags=["hint"]
# Bring the axes into the order `batch row column channel i j`, then merge the middle two and the last three.
# %% [markdown] lang="zh"
# ### 练习 · 把卷积变成矩阵乘法，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# `torch.nn.functional.unfold` 也可以，但它的轴顺序是 `batch window positions`。
# %% [markdown] lang="en"
# ### Exercise · a convolution made a matrix product, PyTorch · 3 min
# The same in PyTorch.
# `torch.nn.functional.unfold` may be used, but its axes are `batch window positions`.
# %% exercise="pt_im2col" difficulty=2 importance=4 minutes=3
def pt_im2col(images: Float[Tensor, "batch c height width"], size: int) -> Float[Tensor, "batch positions window"]:
    """Each window of each image as a row."""
    # solution
    windows = images.unfold(2, size, 1).unfold(3, size, 1)
    return windows.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


if __name__ == "__main__":
    tests.test_pt_im2col(pt_im2col)


# %% [markdown] lang="zh" tags=["hint"]
# `unfold` 把窗口放在哪个轴？
# %% [markdown] lang="en" tags=["hint"]
# On which axis does `unfold` put the windows?
# %% [markdown] lang="zh" tags=["hint"]
# 连做两次 `unfold`，再 `permute` 和 `reshape`。
# %% [markdown] lang="en" tags=["hint"]
# Two `unfold` in turn, then `permute` and `reshape`.
# %% [markdown] lang="zh" numbers="1 2 14 28"
# ### 练习 · 只看过去的卷积 · 10 分钟
# 第 $t$ 格是 $\sum_j w_j\, x_{t - j d}$，其中 $w$ 是 `kernel`，$d$ 是 `dilation`（每次往回跳几格）；序列开头之前当作 0。
# 结果与 `x` 一样长；`kernel` 可以伸到开头之前很远；类型与 `x` 相同。
# 手算：$x = 1, 2, 4, 8$，$w = 1, 10$，$d = 2$，第 2 格是 $1 \cdot 4 + 10 \cdot 1 = 14$。
# 例如 `causal_conv([1.0, 2.0, 4.0, 8.0], [1.0, 10.0], 2)` 是 `[1, 2, 14, 28]`。
# 能生成声音的 WaveNet 就是这样一层叠一层，看得很远，却看不见未来。
# %% [markdown] lang="en" numbers="1 2 14 28"
# ### Exercise · a convolution that sees the past only · 10 min
# Cell $t$ is $\sum_j w_j\, x_{t - j d}$, where $w$ is `kernel` and $d$ is `dilation` (how far each step goes back); before its beginning the sequence counts as 0.
# The result is as long as `x`; `kernel` may reach back far beyond the beginning; keep the dtype of `x`.
# By hand: for $x = 1, 2, 4, 8$, $w = 1, 10$ and $d = 2$ cell 2 is $1 \cdot 4 + 10 \cdot 1 = 14$.
# For example, `causal_conv([1.0, 2.0, 4.0, 8.0], [1.0, 10.0], 2)` is `[1, 2, 14, 28]`.
# WaveNet, which makes sound, stacks such layers: it looks far back, and never into the future.
# %% exercise="np_causal_conv" difficulty=3 importance=3 minutes=10
def np_causal_conv(
    x: Float[np.ndarray, " n"], kernel: Float[np.ndarray, " k"], dilation: int
) -> Float[np.ndarray, " n"]:
    """Each number and its past, every `dilation` places, weighed by `kernel`."""
    # solution
    source = np.arange(len(x))[:, None] - dilation * np.arange(len(kernel))
    past = np.where(source >= 0, x[np.maximum(source, 0)], 0)
    return past @ kernel


if __name__ == "__main__":
    loops.show(loops.causal_conv, [1.0, 2.0, 4.0, 8.0], [1.0, 10.0], 2)
    tests.test_np_causal_conv(np_causal_conv)


# %% [markdown] lang="zh" tags=["hint"]
# 第 $(t, j)$ 格要的是 `x` 的哪个下标？它小于 0 时呢？
# %% [markdown] lang="en" tags=["hint"]
# Which index of `x` does cell $(t, j)$ need?
# And what if it is below 0?
# %% [markdown] lang="zh" tags=["hint"]
# 负的下标不报错，却从末尾数起：先把它们压到 0，再用 `where` 换成 0；最后一张表乘 `kernel`。
# 也可以在前面补 0。
# %% [markdown] lang="en" tags=["hint"]
# Negative indices are no error but count from the end: hold them at 0, then put 0 there by `where`; last, a table times `kernel`.
# Or pad with zeros in front.
# %% [markdown] lang="zh"
# ### 练习 · 只看过去的卷积，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# 用 `torch.nn.functional.conv1d` 也行：`x` 的轴是 `batch channel length`，核的是 `out in k`；它不翻转核，这里的下标却是往回数的。
# %% [markdown] lang="en"
# ### Exercise · a convolution that sees the past only, PyTorch · 6 min
# The same in PyTorch.
# `torch.nn.functional.conv1d` may be used: the axes of `x` are `batch channel length`, those of the kernel `out in k`; it doesn't flip its kernel, and the indices here count backwards.
# %% exercise="pt_causal_conv" difficulty=3 importance=3 minutes=6
def pt_causal_conv(x: Float[Tensor, " n"], kernel: Float[Tensor, " k"], dilation: int) -> Float[Tensor, " n"]:
    """Each number and its past, every `dilation` places, weighed by `kernel`."""
    # solution
    source = torch.arange(len(x))[:, None] - dilation * torch.arange(len(kernel))
    past = torch.where(source >= 0, x[source.clamp(min=0)], 0)
    return past @ kernel


if __name__ == "__main__":
    tests.test_pt_causal_conv(pt_causal_conv)


# %% [markdown] lang="zh" tags=["hint"]
# PyTorch 里负的下标也从末尾数起吗？
# %% [markdown] lang="en" tags=["hint"]
# Do negative indices count from the end in PyTorch, too?
# %% [markdown] lang="zh" tags=["hint"]
# 下标的表、`clamp`、`where`、乘 `kernel`；或者在左边填充，把核翻转，再 `conv1d`。
# %% [markdown] lang="en" tags=["hint"]
# A table of indices, `clamp`, `where`, times `kernel`; or pad on the left, flip the kernel, `conv1d`.
# %% [markdown] lang="zh" numbers="6 0 7"
# ## 8 · 分组与计数
# ### 加到哪一格去
# 循环里写 `out[group[i]] += x[i]`：每个数自己说要加到哪一格。
# 这叫分散累加（scatter-add），是取下标的反面：`x[index]` 从各处*取*，分散是往各处*放*，放到同一格的要加起来。
# 直接写 `out[group] += x` 是错的：同一格出现多次时，只有最后一次算数。
# 正确的工具：数个数用 `bincount`（`minlength` 是至少几格；加上 `weights=` 也能求和，NumPy 得到的是 float64），加数用 `np.add.at` 或 `index_add`，取最大用 `np.maximum.at` 或 `scatter_reduce`。
# 表的格子，照内存里的顺序编号：有 $n$ 列时，第 $r$ 行第 $c$ 列是第 $r n + c$ 格，3 列的表里 $(2, 1)$ 就是第 7 格。两个数这样并成一个，表就能当作一行来填，最后用 `reshape` 分成几行。
# 组号若不是 0、1、2……，先用 `np.unique(x, return_inverse=True, return_counts=True)`（PyTorch 里是 `torch.unique`）换成这样的：它给出从小到大、各不相同的值，每个元素的值在其中排第几（inverse，这就是组号），和各有几个。$7, 2, 7$ 的值是 $2, 7$，组号 $1, 0, 1$，个数 $1, 2$；`values[inverse]` 又是原来的 `x`。
# PyTorch 的两个先收轴，再收组号和数；`scatter_reduce` 还要一个词说怎样合并，格里原来的数也参加比较，所以求最大从 $-\infty$ 开始。
# 手算：组号 $0, 2, 0$，数 $5, 7, 1$，第 0 格是 $5 + 1 = 6$，第 1 格没有，是 0，第 2 格是 7。
# 每组的平均是和除以个数，这里是 $6/2 = 3$ 和 $7/1 = 7$；空的组是 $0/0$，即 `nan`，要不要它、拿什么代替，得自己说清楚。
# %% [markdown] lang="en" numbers="6 0 7"
# ## 8 · Grouping and counting
# ### Into which cell to add
# The loop says `out[group[i]] += x[i]`: each number tells into which cell it goes.
# This is **scatter-add**, the opposite of indexing: `x[index]` *takes* from many places, scattering *puts* into many places, and what meets in one cell is added up.
# Just writing `out[group] += x` is wrong: where a cell occurs several times, only the last write counts.
# The right tools: `bincount` to count (with at least `minlength` cells; with `weights=` it sums as well, in NumPy as float64), `np.add.at` or `index_add` for sums, `np.maximum.at` or `scatter_reduce` for maxima.
# Cells of a table are numbered as in memory: of $n$ columns, row $r$, column $c$ is cell $r n + c$, so with 3 columns $(2, 1)$ is cell 7. Two numbers become one in this way, and a table is filled as a row is; `reshape` then breaks it into rows.
# Groups that aren't numbered 0, 1, 2 and so on are first made so by `np.unique(x, return_inverse=True, return_counts=True)` (`torch.unique` in PyTorch): it gives the distinct values in order, for each element the place of its value among them (the inverse: these are the groups), and how many there are of each. For $7, 2, 7$ the values are $2, 7$, the groups $1, 0, 1$, the counts $1, 2$; `values[inverse]` is `x` again.
# The two of PyTorch take an axis, then groups and numbers; `scatter_reduce` also needs a word that says how to combine them, and the number that a cell holds beforehand is compared with the rest, so maxima start from $-\infty$.
# By hand: groups $0, 2, 0$ and numbers $5, 7, 1$ give $5 + 1 = 6$ in cell 0, nothing, so 0, in cell 1, and 7 in cell 2.
# The mean of each group is its sum over its count, here $6/2 = 3$ and $7/1 = 7$; an empty group has $0/0$, `nan`, and you must decide whether to keep it, or what to put there instead.
# %%
if __name__ == "__main__":
    group, x = np.array([0, 2, 0]), np.array([5, 7, 1])
    by_loop, at_once = [0, 0, 0], np.zeros(3, dtype=int)
    for g, value in zip(group, x, strict=True):
        by_loop[g] += int(value)
    np.add.at(at_once, group, x)
    print("by loop:", by_loop, "in a line:", at_once, "or", np.bincount(group, weights=x))
    groups, values = torch.tensor(group), torch.tensor(x).float()
    print("PyTorch:", torch.zeros(3).index_add(0, groups, values))
    print("largest:", torch.full((3,), -torch.inf).scatter_reduce(0, groups, values, "amax"))
    print("numbered:", *np.unique(np.array([7, 2, 7]), return_inverse=True, return_counts=True))


# %% [markdown] lang="zh" tags=["question"] see="np_segment_sums"
# 同样的组号和数，`out = np.zeros(3); out[group] += x` 给出什么？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_segment_sums"
# With the same groups and numbers, what does `out = np.zeros(3); out[group] += x` give?
# Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# $1, 0, 7$：它先算出 `out[group] + x`，也就是 $5, 7, 1$，再一个个写回去；第 0 格先写 5，后写 1，5 被盖住了。
# %% [markdown] lang="en" tags=["answer"]
# $1, 0, 7$: first it computes `out[group] + x`, which is $5, 7, 1$, then it writes them back one by one; cell 0 gets 5, then 1, and the 5 is overwritten.
# %%
if __name__ == "__main__":
    out = np.zeros(3)
    out[group] += x
    print(out)


# %% [markdown] lang="zh" numbers="1 0 2"
# ### 练习 · 每类有几个 · 3 分钟
# 每个类别出现的次数，一共 `n_classes` 个数，没有出现的是 0；标签是 0 到 `n_classes - 1`。
# 例如 `counts([2, 0, 2], 4)` 是 `[1, 0, 2, 0]`。
# 类别不平衡时，常按它的倒数给损失加权：越少见的类，权重越大。
# %% [markdown] lang="en" numbers="1 0 2"
# ### Exercise · how many of each class · 3 min
# How often each class occurs, `n_classes` numbers, 0 for those that don't; labels are 0 to `n_classes - 1`.
# For example, `counts([2, 0, 2], 4)` is `[1, 0, 2, 0]`.
# Where classes are unbalanced, a loss is often weighted by one over it: the rarer a class, the larger its weight.
# %% exercise="np_counts" difficulty=1 importance=5 minutes=3
def np_counts(labels: Int[np.ndarray, " n"], n_classes: int) -> Int[np.ndarray, " n_classes"]:
    """How often each class occurs."""
    # solution
    return np.bincount(labels, minlength=n_classes)


if __name__ == "__main__":
    loops.show(loops.counts, [2, 0, 2], 4)
    tests.test_np_counts(np_counts)


# %% [markdown] lang="zh" tags=["hint"]
# `bincount` 自己怎么知道有几类？最后一类没有出现时呢？
# %% [markdown] lang="en" tags=["hint"]
# How does `bincount` know how many classes there are, and what if the last one doesn't occur?
# %% [markdown] lang="zh"
# ### 练习 · 每类有几个，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · how many of each class, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_counts" difficulty=1 importance=5 minutes=2
def pt_counts(labels: Int[Tensor, " n"], n_classes: int) -> Int[Tensor, " n_classes"]:
    """How often each class occurs."""
    # solution
    return torch.bincount(labels, minlength=n_classes)


if __name__ == "__main__":
    tests.test_pt_counts(pt_counts)


# %% [markdown] lang="zh" tags=["hint"]
# 名字和参数都与 NumPy 相同。
# %% [markdown] lang="en" tags=["hint"]
# Name and arguments are NumPy's.
# %% [markdown] lang="zh" numbers="1 0 2"
# ### 练习 · 混淆矩阵 · 5 分钟
# 一张 `n_classes`×`n_classes` 的表：第 $t$ 行第 $g$ 列数出真的是 $t$、猜成 $g$ 的有几个；类别都是 0 到 `n_classes - 1`。
# 例如 `confusion([0, 1, 1, 1], [0, 0, 1, 1], 2)` 是 `[[1, 0], [1, 2]]`。
# 对角线是对的；对角线以外，看得出哪两类常被弄混。
# %% [markdown] lang="en" numbers="1 0 2"
# ### Exercise · a confusion matrix · 5 min
# A table of `n_classes`×`n_classes`: row $t$, column $g$ counts the cases of class $t$ that were taken for $g$; classes are 0 to `n_classes - 1`.
# For example, `confusion([0, 1, 1, 1], [0, 0, 1, 1], 2)` is `[[1, 0], [1, 2]]`.
# The right guesses are on the diagonal; the cells off it show which classes are taken for each other.
# %% exercise="np_confusion" difficulty=2 importance=4 minutes=5
def np_confusion(
    truth: Int[np.ndarray, " n"], guess: Int[np.ndarray, " n"], n_classes: int
) -> Int[np.ndarray, "n_classes n_classes"]:
    """How often each class (row) was taken for each (column)."""
    # solution
    pairs = np.bincount(truth * n_classes + guess, minlength=n_classes**2)
    return pairs.reshape(n_classes, n_classes)


if __name__ == "__main__":
    loops.show(loops.confusion, [0, 1, 1, 1], [0, 0, 1, 1], 2)
    tests.test_np_confusion(np_confusion)


# %% [markdown] lang="zh" tags=["hint"]
# 一对 $(t, g)$ 怎样变成一个数，不同的对变成不同的数？
# %% [markdown] lang="en" tags=["hint"]
# How do you make one number of a pair $(t, g)$, so that different pairs give different numbers?
# %% [markdown] lang="zh" tags=["hint"]
# 像给一张表的格子编号：行号乘列数，再加列号；数个数，再排成表。
# %% [markdown] lang="en" tags=["hint"]
# As the cells of a table are numbered: the row times the number of columns, plus the column; count them, then make a table.
# %% [markdown] lang="zh"
# ### 练习 · 混淆矩阵，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · a confusion matrix, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_confusion" difficulty=2 importance=4 minutes=3
def pt_confusion(
    truth: Int[Tensor, " n"], guess: Int[Tensor, " n"], n_classes: int
) -> Int[Tensor, "n_classes n_classes"]:
    """How often each class (row) was taken for each (column)."""
    # solution
    pairs = torch.bincount(truth * n_classes + guess, minlength=n_classes**2)
    return pairs.reshape(n_classes, n_classes)


if __name__ == "__main__":
    tests.test_pt_confusion(pt_confusion)


# %% [markdown] lang="zh" tags=["hint"]
# 还有一条路：两张独热的表相乘：沿哪个轴求和？
# %% [markdown] lang="en" tags=["hint"]
# Another way is a product of two one-hot tables: over which axis does it sum?
# %% [markdown] lang="zh" tags=["hint"]
# `bincount` 只收一个轴的非负整数：先合成一个数。
# %% [markdown] lang="en" tags=["hint"]
# `bincount` takes one axis of whole numbers, none negative: make one number of each pair first.
# %% [markdown] lang="zh" numbers="10 20 0 4 6"
# ### 练习 · 每组的和 · 5 分钟
# 把 `x` 里组号相同的行加起来；`segments[i]` 是第 $i$ 行的组号，0 到 `n_segments - 1`，顺序随意，有的组可能没有行，和是 0；类型与 `x` 相同。
# 例如 `segment_sums([[1.0, 2.0], [10.0, 20.0], [3.0, 4.0]], [2, 0, 2], 3)` 是 `[[10, 20], [0, 0], [4, 6]]`。
# 由点和连线组成的图上，每个点这样汇总它的邻居；查表的梯度也是这样加回各行的。
# %% [markdown] lang="en" numbers="10 20 0 4 6"
# ### Exercise · the sum of each group · 5 min
# Add up the rows of `x` that have the same group; `segments[i]` is the group of row $i$, 0 to `n_segments - 1`, in any order, and a group without rows has the sum 0; keep the dtype of `x`.
# For example, `segment_sums([[1.0, 2.0], [10.0, 20.0], [3.0, 4.0]], [2, 0, 2], 3)` is `[[10, 20], [0, 0], [4, 6]]`.
# In a graph of nodes and links each node sums up its neighbours like this; the gradient of a look-up is added to the rows of its table in the same way.
# %% exercise="np_segment_sums" difficulty=2 importance=5 minutes=5
def np_segment_sums(
    x: Float[np.ndarray, "n d"], segments: Int[np.ndarray, " n"], n_segments: int
) -> Float[np.ndarray, "n_segments d"]:
    """The sum of the rows of each group."""
    # solution
    out = np.zeros((n_segments, x.shape[1]), dtype=x.dtype)
    np.add.at(out, segments, x)
    return out


if __name__ == "__main__":
    loops.show(loops.segment_sums, [[1.0, 2.0], [10.0, 20.0], [3.0, 4.0]], [2, 0, 2], 3)
    tests.test_np_segment_sums(np_segment_sums)


# %% [markdown] lang="zh" tags=["hint"]
# `out[segments] += x` 为什么不行？
# %% [markdown] lang="en" tags=["hint"]
# Why is `out[segments] += x` wrong?
# %% [markdown] lang="zh" tags=["hint"]
# 先造全 0 的结果，再用 `np.add.at`；独热的表乘 `x` 也是对的。
# %% [markdown] lang="en" tags=["hint"]
# Make zeros, then use `np.add.at`; a one-hot table times `x` is right as well.
# %% [markdown] lang="zh"
# ### 练习 · 每组的和，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# `index_add` 有就地的 `index_add_`。
# %% [markdown] lang="en"
# ### Exercise · the sum of each group, PyTorch · 3 min
# The same in PyTorch.
# `index_add` also comes in place, as `index_add_`.
# %% exercise="pt_segment_sums" difficulty=2 importance=5 minutes=3
def pt_segment_sums(
    x: Float[Tensor, "n d"], segments: Int[Tensor, " n"], n_segments: int
) -> Float[Tensor, "n_segments d"]:
    """The sum of the rows of each group."""
    # solution
    return x.new_zeros(n_segments, x.shape[1]).index_add(0, segments, x)


if __name__ == "__main__":
    tests.test_pt_segment_sums(pt_segment_sums)


# %% [markdown] lang="zh" tags=["hint"]
# `x.new_zeros` 比 `torch.zeros` 多带来什么？
# %% [markdown] lang="en" tags=["hint"]
# What does `x.new_zeros` bring along that `torch.zeros` doesn't?
# %% [markdown] lang="zh" tags=["hint"]
# `index_add(dim, index, source)`：三个参数各是什么？
# %% [markdown] lang="en" tags=["hint"]
# `index_add(dim, index, source)`: what are the three arguments here?
# %% [markdown] lang="zh" numbers="7 4 2 1"
# ### 练习 · 连着的相同值 · 5 分钟
# 把一行数写成一段一段的：返回每段的值和每段的长度，两样。
# 相邻且相等的数是一段。
# 例如 `run_lengths([7, 7, 4, 7])` 是 `[7, 4, 7] [2, 1, 1]`。
# 标出图中物体的掩码常这样压缩存储；看一串预测里每个标签持续了多久，也用它。
# %% [markdown] lang="en" numbers="7 4 2 1"
# ### Exercise · runs of equal values · 5 min
# Write a row of numbers as runs: return two things, the value of each run and the length of each.
# Neighbours that are equal are one run.
# For example, `run_lengths([7, 7, 4, 7])` is `[7, 4, 7] [2, 1, 1]`.
# Masks that mark objects in images are often stored like this; runs also tell how long each label lasts in a row of predictions.
# %% exercise="np_run_lengths" difficulty=2 importance=3 minutes=5
def np_run_lengths(x: Int[np.ndarray, " n"]) -> tuple[Int[np.ndarray, " runs"], Int[np.ndarray, " runs"]]:
    """The value and the length of each run of equal neighbours."""
    # solution
    starts = np.flatnonzero(np.append(True, x[1:] != x[:-1]))
    return x[starts], np.diff(starts, append=len(x))


if __name__ == "__main__":
    loops.show(loops.run_lengths, [7, 7, 4, 7])
    tests.test_np_run_lengths(np_run_lengths)


# %% [markdown] lang="zh" tags=["hint"]
# 一段从哪里开始？把每个数与它前面的比一比。
# %% [markdown] lang="en" tags=["hint"]
# Where does a run begin?
# Compare each number with the one before.
# %% [markdown] lang="zh" tags=["hint"]
# 第一个数总是开头；开头的位置相减，就是长度，最后一段到末尾为止。
# %% [markdown] lang="en" tags=["hint"]
# The first number always begins a run; the differences between beginnings are the lengths, and the last run goes to the end.
# %% [markdown] lang="zh"
# ### 练习 · 连着的相同值，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# PyTorch 有一个现成的函数。
# %% [markdown] lang="en"
# ### Exercise · runs of equal values, PyTorch · 3 min
# The same in PyTorch.
# PyTorch has a function for it.
# %% exercise="pt_run_lengths" difficulty=2 importance=3 minutes=3
def pt_run_lengths(x: Int[Tensor, " n"]) -> tuple[Int[Tensor, " runs"], Int[Tensor, " runs"]]:
    """The value and the length of each run of equal neighbours."""
    # solution
    values, lengths = torch.unique_consecutive(x, return_counts=True)
    return values, lengths


if __name__ == "__main__":
    tests.test_pt_run_lengths(pt_run_lengths)


# %% [markdown] lang="zh" tags=["hint"]
# `unique` 会排序，把分开的同值也合在一起：这是你要的吗？
# %% [markdown] lang="en" tags=["hint"]
# `unique` sorts, and joins equal values that are apart: is that what you want?
# %% [markdown] lang="zh" tags=["hint"]
# 查 `unique_consecutive`，要它也给个数。
# %% [markdown] lang="en" tags=["hint"]
# Look up `unique_consecutive`, and ask it for counts.
# %% [markdown] lang="zh" numbers="0.5 1"
# ### 练习 · 每组各做一次 softmax · 10 分钟
# 组号相同的分数一起做 softmax：每组的结果加起来是 1。
# `segments[i]` 是第 $i$ 个分数的组号，顺序随意，有的组可能没有分数。
# 分数上千也不许溢出：先减去*自己那组*的最大值；类型与 `scores` 相同。
# 例如 `segment_softmax([2.0, 5.0, 2.0], [0, 1, 0], 2)` 是 `[0.5, 1, 0.5]`。
# 由点和连线组成的图上，每个点在自己的邻居之间分配注意力，邻居的个数各不相同。
# %% [markdown] lang="en" numbers="0.5 1"
# ### Exercise · a softmax in each group · 10 min
# Scores of the same group go through one softmax together: the results of a group sum to 1.
# `segments[i]` is the group of score $i$, in any order, and some groups may have no score.
# Scores in the thousands must not overflow: first subtract from each the maximum of its *own* group; keep the dtype of `scores`.
# For example, `segment_softmax([2.0, 5.0, 2.0], [0, 1, 0], 2)` is `[0.5, 1, 0.5]`.
# In a graph of nodes and links, each node shares its attention among its neighbours, and their number differs.
# %% exercise="np_segment_softmax" difficulty=3 importance=3 minutes=10
def np_segment_softmax(
    scores: Float[np.ndarray, " n"], segments: Int[np.ndarray, " n"], n_segments: int
) -> Float[np.ndarray, " n"]:
    """The softmax of each score within its group."""
    # solution
    highest, total = np.full(n_segments, -np.inf, scores.dtype), np.zeros(n_segments, scores.dtype)
    np.maximum.at(highest, segments, scores)
    exps = np.exp(scores - highest[segments])
    np.add.at(total, segments, exps)
    return exps / total[segments]


if __name__ == "__main__":
    loops.show(loops.segment_softmax, [2.0, 5.0, 2.0], [0, 1, 0], 2)
    tests.test_np_segment_softmax(np_segment_softmax)


# %% [markdown] lang="zh" tags=["hint"]
# 组的最大值是一组一个数：怎样让它回到每个分数旁边？
# %% [markdown] lang="en" tags=["hint"]
# The maximum is one number for each group: how do you bring it back to each score?
# %% [markdown] lang="zh" tags=["hint"]
# 分散（取最大），取下标，指数，再分散（求和），再取下标。
# %% [markdown] lang="en" tags=["hint"]
# Scatter (a maximum), index, exponential, scatter again (a sum), index again.
# %% [markdown] lang="zh"
# ### 练习 · 每组各做一次 softmax，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · a softmax in each group, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_segment_softmax" difficulty=3 importance=3 minutes=6
def pt_segment_softmax(
    scores: Float[Tensor, " n"], segments: Int[Tensor, " n"], n_segments: int
) -> Float[Tensor, " n"]:
    """The softmax of each score within its group."""
    # solution
    highest = scores.new_full((n_segments,), -torch.inf).scatter_reduce(0, segments, scores, "amax")
    exps = (scores - highest[segments]).exp()
    return exps / scores.new_zeros(n_segments).index_add(0, segments, exps)[segments]


if __name__ == "__main__":
    tests.test_pt_segment_softmax(pt_segment_softmax)


# %% [markdown] lang="zh" tags=["hint"]
# 一组的最大值从什么数开始比？0 行吗？
# %% [markdown] lang="en" tags=["hint"]
# With which number does a group's maximum begin?
# Will 0 do?
# %% [markdown] lang="zh" tags=["hint"]
# `scatter_reduce` 的 `"amax"`，然后 `index_add`；`total[segments]` 把和送回每个分数。
# %% [markdown] lang="en" tags=["hint"]
# `scatter_reduce` with `"amax"`, then `index_add`; `total[segments]` brings the sum back to each score.
# %% [markdown] lang="zh" numbers="5 25 61"
# ## 9 · 线性代数
# ### 求和的循环，就是乘法
#
# 循环里凡是“相乘，再累加”，多半就是 `@` 或 `einsum`。
# 两条规矩管住批量：`@` 只看最后两个轴，前面的轴广播；`einsum` 的箭头右边没有的字母，就沿着它求和。
# 要解方程 $Ax = b$，就用 `np.linalg.solve(A, b)` 或 `torch.linalg.solve(A, b)`，不要先求逆再乘：`solve` 更快，通常也更准。
# `solve` 要求 $A$ 是可逆的方阵。方程比未知数多时，一般没有哪个 $x$ 全都满足，只能找误差平方和 $\|Ax - b\|^2$ 最小的那个，这叫最小二乘（least squares）：`np.linalg.lstsq(A, b)[0]`，PyTorch 里是 `torch.linalg.lstsq(A, b[:, None]).solution`。例如 $x = 1$、$x = 2$、$x = 6$ 三个方程，最小二乘解是它们的平均 3。
# 再看三行 $(1, 2), (3, 4), (5, 6)$：各自长度的平方是 $1 + 4 = 5$、$9 + 16 = 25$、$25 + 36 = 61$。
# 它们是 `x @ x.T` 的对角线；可是为了三个数去算九个，太浪费，所以写 `(x * x).sum(axis=1)`，或者 `np.einsum("nd,nd->n", x, x)`（NumPy 和 PyTorch 自带的 `einsum` 用单个字母作轴的名字）。
# %% [markdown] lang="en" numbers="5 25 61"
# ## 9 · Linear algebra
# ### A loop that sums is a product
#
# Where a loop multiplies and adds up, it is mostly `@` or `einsum`.
# Two rules are enough for batches: `@` looks at the last two axes only, and those before are broadcast; `einsum` sums over the letters that aren't on the right of its arrow.
# For an equation $Ax = b$ use `np.linalg.solve(A, b)` or `torch.linalg.solve(A, b)`; don't invert and multiply: `solve` is faster, and usually more exact.
# `solve` needs an $A$ that is square and invertible. With more equations than unknowns mostly no $x$ satisfies them all, and the best is the one with the smallest sum of squared errors $\|Ax - b\|^2$, the **least squares** solution: `np.linalg.lstsq(A, b)[0]`, in PyTorch `torch.linalg.lstsq(A, b[:, None]).solution`. Of the three equations $x = 1$, $x = 2$, $x = 6$ it is their mean, 3.
# An example: the squared lengths of the rows $(1, 2), (3, 4), (5, 6)$ are $1 + 4 = 5$, $9 + 16 = 25$, $25 + 36 = 61$.
# They are the diagonal of `x @ x.T`; but nine numbers for three are a waste, so write `(x * x).sum(axis=1)`, or `np.einsum("nd,nd->n", x, x)` (the `einsum` of NumPy and PyTorch names each axis by a single letter).
# %%
if __name__ == "__main__":
    x = np.array([[1, 2], [3, 4], [5, 6]])
    print("by loop:", [sum(int(v) * int(v) for v in row) for row in x])
    print("in a line:", (x * x).sum(axis=1), np.einsum("nd,nd->n", x, x), "wasteful:", np.diag(x @ x.T))
    print("least squares:", np.linalg.lstsq(np.ones((3, 1)), np.array([1.0, 2, 6]))[0])


# %% [markdown] lang="zh" tags=["question"] see="np_covariances"
# `a` 的形状是 $(7, 3, 4)$，`b` 是 $(7, 4, 2)$，`c` 是 $(4, 2)$。
# `a @ b` 和 `a @ c` 的形状是什么？`a.T @ b` 呢？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="np_covariances"
# `a` has shape $(7, 3, 4)$, `b` $(7, 4, 2)$ and `c` $(4, 2)$.
# What are the shapes of `a @ b` and `a @ c`? And of `a.T @ b`?
# Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 前两个都是 $(7, 3, 2)$：前一个是批里的每个矩阵各乘各的，后一个都乘同一个 `c`。
# `a.T` 把三个轴全倒过来，成了 $(4, 3, 7)$，于是报错；要换最后两个，用 `a.swapaxes(1, 2)`，PyTorch 里是 `a.mT`。
# %% [markdown] lang="en" tags=["answer"]
# The first two are $(7, 3, 2)$: in the first each matrix of the batch has its own partner, in the second all have `c`.
# `a.T` reverses all three axes, to $(4, 3, 7)$, and so it is an error; to swap the last two write `a.swapaxes(1, 2)`, in PyTorch `a.mT`.
# %%
if __name__ == "__main__":
    a, b, c = np.zeros((7, 3, 4)), np.zeros((7, 4, 2)), np.zeros((4, 2))
    print((a @ b).shape, (a @ c).shape, a.T.shape, a.swapaxes(1, 2).shape)  # swapaxes: these two only


# %% [markdown] lang="zh" numbers="27"
# ### 练习 · 二次型 · 3 分钟
# 对 `x` 的每一行 $v$，求 $v^\top A v$，一行一个数。
# 矩阵不一定对称。
# 例如 `quadratic([[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]])` 是 `[27]`。
# 损失在最低点附近近似是二次型，马氏距离（按散布的方向量的距离）的平方也是。
# %% [markdown] lang="en" numbers="27"
# ### Exercise · quadratic forms · 3 min
# For each row $v$ of `x` return $v^\top A v$, one number a row.
# The matrix need not be symmetric.
# For example, `quadratic([[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]])` is `[27]`.
# Near its minimum a loss is about a quadratic form, and so is the square of a distance that is measured by the spread of data.
# %% exercise="np_quadratic" difficulty=1 importance=3 minutes=3
def np_quadratic(x: Float[np.ndarray, "n d"], matrix: Float[np.ndarray, "d d"]) -> Float[np.ndarray, " n"]:
    """Each row on both sides of the matrix."""
    # solution
    return ((x @ matrix) * x).sum(axis=1)


if __name__ == "__main__":
    loops.show(loops.quadratic, [[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]])
    tests.test_np_quadratic(np_quadratic)


# %% [markdown] lang="zh" tags=["hint"]
# `x @ matrix` 之后，每一行还要与什么做内积？
# %% [markdown] lang="en" tags=["hint"]
# After `x @ matrix`, each row still needs an inner product: with what?
# %% [markdown] lang="zh"
# ### 练习 · 二次型，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · quadratic forms, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_quadratic" difficulty=1 importance=3 minutes=2
def pt_quadratic(x: Float[Tensor, "n d"], matrix: Float[Tensor, "d d"]) -> Float[Tensor, " n"]:
    """Each row on both sides of the matrix."""
    # solution
    return ((x @ matrix) * x).sum(dim=1)


if __name__ == "__main__":
    tests.test_pt_quadratic(pt_quadratic)


# %% [markdown] lang="zh" tags=["hint"]
# `einsum` 也行：哪个字母留在右边？
# %% [markdown] lang="en" tags=["hint"]
# `einsum` will do, too: which letter stays on the right?
# %% [markdown] lang="zh" numbers="3 0"
# ### 练习 · 去掉一个方向 · 3 分钟
# 从 `x` 的每一行减去它沿 `direction` 的部分，使结果与 `direction` 正交：$v - \frac{v \cdot d}{d \cdot d} d$。
# `direction` 不是零，但可长可短，短到 $10^{-6}$ 也要完全去掉。
# 例如 `erase([[3.0, 4.0]], [0.0, 2.0])` 是 `[[3, 0]]`。
# 一个概念若对应一个方向，就能这样把它从网络的表示里抹掉，看网络原来用没用它。
# %% [markdown] lang="en" numbers="3 0"
# ### Exercise · a direction erased · 3 min
# From each row of `x` subtract its part along `direction`, so that the result is orthogonal to `direction`: $v - \frac{v \cdot d}{d \cdot d} d$.
# `direction` isn't zero, but may be long or short: even one of length $10^{-6}$ is erased completely.
# For example, `erase([[3.0, 4.0]], [0.0, 2.0])` is `[[3, 0]]`.
# If a concept is a direction in what a network computes, it can be erased in this way, to see whether the network used it.
# %% exercise="np_erase" difficulty=1 importance=4 minutes=3
def np_erase(x: Float[np.ndarray, "n d"], direction: Float[np.ndarray, " d"]) -> Float[np.ndarray, "n d"]:
    """Each row without its part along `direction`."""
    # solution
    along = x @ direction / (direction @ direction)
    return x - along[:, None] * direction


if __name__ == "__main__":
    loops.show(loops.erase, [[3.0, 4.0]], [0.0, 2.0])
    tests.test_np_erase(np_erase)


# %% [markdown] lang="zh" tags=["hint"]
# 每一行沿这个方向有多少？那是一行一个数，要站成一列。
# %% [markdown] lang="en" tags=["hint"]
# How much of the direction is in each row?
# That is one number a row, and must stand in a column.
# %% [markdown] lang="zh"
# ### 练习 · 去掉一个方向，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · a direction erased, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_erase" difficulty=1 importance=4 minutes=2
def pt_erase(x: Float[Tensor, "n d"], direction: Float[Tensor, " d"]) -> Float[Tensor, "n d"]:
    """Each row without its part along `direction`."""
    # solution
    along = x @ direction / (direction @ direction)
    return x - along[:, None] * direction


if __name__ == "__main__":
    tests.test_pt_erase(pt_erase)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.outer` 或者一列乘一行。
# %% [markdown] lang="en" tags=["hint"]
# `torch.outer`, or a column times a row.
# %% [markdown] lang="zh" numbers="1 2 4"
# ### 练习 · 一批协方差矩阵 · 5 分钟
# 批里的每一个是一张 $n$ 行 $d$ 列的表；先从各列减去它在*这张表*里的平均，再求这张表的 $d \times d$ 协方差矩阵：第 $(i, j)$ 格是第 $i$ 列与第 $j$ 列乘积的平均，除以 $n$（不是 $n - 1$）；只有一列时也是 $1 \times 1$ 的矩阵；类型与 `x` 相同。
# 手算：一列是 $1, 3$，另一列是 $0, 4$，减去平均是 $-1, 1$ 和 $-2, 2$，所以方差是 1 和 4，协方差是 2。
# 例如 `covariances([[[1.0, 0.0], [3.0, 4.0]]])` 是 `[[[1, 2], [2, 4]]]`。
# %% [markdown] lang="en" numbers="1 2 4"
# ### Exercise · a batch of covariance matrices · 5 min
# Each element of the batch is a table of $n$ rows and $d$ columns; from each column subtract its mean in *this* table, and return the table's $d \times d$ covariance matrix: cell $(i, j)$ is the mean product of columns $i$ and $j$, over $n$ (not $n - 1$); with a single column it is still a matrix, of $1 \times 1$; keep the dtype of `x`.
# By hand: one column is $1, 3$, the other $0, 4$; with the means subtracted they are $-1, 1$ and $-2, 2$, so the variances are 1 and 4, and the covariance is 2.
# For example, `covariances([[[1.0, 0.0], [3.0, 4.0]]])` is `[[[1, 2], [2, 4]]]`.
# %% exercise="np_covariances" difficulty=2 importance=4 minutes=5
def np_covariances(x: Float[np.ndarray, "batch n d"]) -> Float[np.ndarray, "batch d d"]:
    """The covariance matrix of each of the batch, over n."""
    # solution
    centred = x - x.mean(axis=1, keepdims=True)
    return centred.swapaxes(1, 2) @ centred / x.shape[1]


if __name__ == "__main__":
    loops.show(loops.covariances, [[[1.0, 0.0], [3.0, 4.0]]])
    tests.test_np_covariances(np_covariances)


# %% [markdown] lang="zh" tags=["hint"]
# 平均沿哪个轴？那个轴要留下吗？
# %% [markdown] lang="en" tags=["hint"]
# Along which axis is the mean, and must it stay?
# %% [markdown] lang="zh" tags=["hint"]
# 先居中，再把最后两个轴转置，乘居中后的数据自己。
# %% [markdown] lang="en" tags=["hint"]
# Centre the data, transpose its last two axes, and multiply by the centred data itself.
# %% [markdown] lang="zh"
# ### 练习 · 一批协方差矩阵，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# `torch.cov` 只收一个矩阵，而且默认除以 $n - 1$；`np.cov` 和 PyTorch 的 `std`、`var` 也这样，NumPy 的 `std` 和 `var` 却默认除以 $n$。
# %% [markdown] lang="en"
# ### Exercise · a batch of covariance matrices, PyTorch · 3 min
# The same in PyTorch.
# `torch.cov` takes one matrix only, and divides by $n - 1$ by default; so do `np.cov` and PyTorch's `std` and `var`, while NumPy's `std` and `var` divide by $n$.
# %% exercise="pt_covariances" difficulty=2 importance=4 minutes=3
def pt_covariances(x: Float[Tensor, "batch n d"]) -> Float[Tensor, "batch d d"]:
    """The covariance matrix of each of the batch, over n."""
    # solution
    centred = x - x.mean(dim=1, keepdim=True)
    return centred.mT @ centred / x.shape[1]


if __name__ == "__main__":
    tests.test_pt_covariances(pt_covariances)


# %% [markdown] lang="zh" tags=["hint"]
# `.T` 为什么不行？它换的是哪些轴？
# %% [markdown] lang="en" tags=["hint"]
# Why is `.T` wrong here?
# Which axes does it swap?
# %% [markdown] lang="zh" tags=["hint"]
# `.mT` 只换最后两个轴。
# %% [markdown] lang="en" tags=["hint"]
# `.mT` swaps the last two axes only.
# %% [markdown] lang="zh" numbers="1.1"
# ### 练习 · 岭回归 · 5 分钟
# 求 $w$，使 $\|Xw - y\|^2 + \lambda \|w\|^2$ 最小；答案满足 $(X^\top X + \lambda I)\, w = X^\top y$，$\lambda$ 是 `strength`，大于 0。
# 没有截距（不另加常数），行数可以少于列数；类型与 `x` 相同。
# 手算：一列 $1, 2$，$y = 3, 4$，$\lambda = 5$，$w = 11 / (5 + 5)$。
# 例如 `ridge([[1.0], [2.0]], [3.0, 4.0], 5.0)` 是 `[1.1]`。
# 这叫岭回归（ridge regression），是“不让权重太大”最简单的做法：探测一层里有没有某种信息，常用它。
# %% [markdown] lang="en" numbers="1.1"
# ### Exercise · ridge regression · 5 min
# Find the $w$ for which $\|Xw - y\|^2 + \lambda \|w\|^2$ is smallest; it solves $(X^\top X + \lambda I)\, w = X^\top y$, where $\lambda$ is `strength`, above 0.
# There is no intercept (no constant is added), and there may be fewer rows than columns; keep the dtype of `x`.
# By hand: one column $1, 2$, $y = 3, 4$ and $\lambda = 5$ give $w = 11 / (5 + 5)$.
# For example, `ridge([[1.0], [2.0]], [3.0, 4.0], 5.0)` is `[1.1]`.
# This is **ridge regression**, the simplest case of keeping weights small: it is used to probe whether a layer holds some information.
# %% exercise="np_ridge" difficulty=2 importance=4 minutes=5
def np_ridge(x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], strength: float) -> Float[np.ndarray, " d"]:
    """The weights with the least squared error plus `strength` times their squares."""
    # solution
    matrix = x.T @ x + strength * np.eye(x.shape[1], dtype=x.dtype)
    return np.linalg.solve(matrix, x.T @ y)


if __name__ == "__main__":
    loops.show(loops.ridge, [[1.0], [2.0]], [3.0, 4.0], 5.0)
    tests.test_np_ridge(np_ridge)


# %% [markdown] lang="zh" tags=["hint"]
# 方程左边是一个 $d \times d$ 的矩阵：怎样把 $\lambda$ 加到它的对角线上？
# %% [markdown] lang="en" tags=["hint"]
# On the left of the equation there is a $d \times d$ matrix: how do you add $\lambda$ to its diagonal?
# %% [markdown] lang="zh" tags=["hint"]
# `solve`，不要求逆；小心单位矩阵的类型。
# %% [markdown] lang="en" tags=["hint"]
# `solve`, no inverse; watch the dtype of the identity matrix.
# %% [markdown] lang="zh"
# ### 练习 · 岭回归，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · ridge regression, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_ridge" difficulty=2 importance=4 minutes=3
def pt_ridge(x: Float[Tensor, "n d"], y: Float[Tensor, " n"], strength: float) -> Float[Tensor, " d"]:
    """The weights with the least squared error plus `strength` times their squares."""
    # solution
    matrix = x.T @ x + strength * torch.eye(x.shape[1], dtype=x.dtype)
    return torch.linalg.solve(matrix, x.T @ y)


if __name__ == "__main__":
    tests.test_pt_ridge(pt_ridge)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.eye` 的类型不跟着 `x` 走：输入 float64 时会怎样？
# %% [markdown] lang="en" tags=["hint"]
# The dtype of `torch.eye` doesn't follow `x`: what happens with float64?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.linalg.solve` 收矩阵和右边的向量。
# %% [markdown] lang="en" tags=["hint"]
# `torch.linalg.solve` takes the matrix and the vector on the right.
# %% [markdown] lang="zh"
# ### 练习 · 白化 · 10 分钟
# 数据有 $n$ 行 $d$ 列。
# 减去各列的平均，再右乘一个 $d \times d$ 的矩阵，使结果的协方差矩阵（除以 $n$）是单位矩阵：各列方差是 1，互不相关。
# 这叫白化（whitening）。
# 这样的矩阵有许多个（结果还可以任意旋转或反射），哪一个都行。
# 数据不退化：$n > d$，协方差矩阵可逆；类型与 `x` 相同。
# 例如一列数 $1, 3$，平均 2，标准差 1，白化成 $-1, 1$（或者 $1, -1$）。
# 想法：协方差矩阵的特征向量是散布的方向，特征值是沿这些方向的方差。
# %% [markdown] lang="en"
# ### Exercise · whitening · 10 min
# The data has $n$ rows and $d$ columns.
# Subtract the mean of each column, then multiply on the right by a $d \times d$ matrix, so that the covariance matrix of the result (over $n$) is the identity: each column has variance 1, and no two are correlated.
# This is **whitening**.
# There are many such matrices (the result may be rotated or reflected as you like), and any of them will do.
# The data isn't degenerate: $n > d$, and its covariance matrix can be inverted; keep the dtype of `x`.
# A column $1, 3$, for example, with mean 2 and standard deviation 1, becomes $-1, 1$ (or $1, -1$).
# The idea: the eigenvectors of the covariance matrix are the directions of spread, and its eigenvalues the variances along them.
# %% exercise="np_whiten" difficulty=3 importance=3 minutes=10
def np_whiten(x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
    """The data moved and turned so that its covariance is the identity."""
    # solution
    centred = x - x.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred / len(x))
    return centred @ directions / np.sqrt(variances)


if __name__ == "__main__":
    tests.test_np_whiten(np_whiten)


# %% [markdown] lang="zh" tags=["hint"]
# 换到特征向量的坐标里，各列还相关吗？方差各是多少？
# %% [markdown] lang="en" tags=["hint"]
# If the data is written in the coordinates of the eigenvectors, are its columns still correlated?
# What are their variances?
# %% [markdown] lang="zh" tags=["hint"]
# 居中，`eigh`，乘特征向量，每列除以自己的标准差，也就是特征值的*平方根*。
# %% [markdown] lang="en" tags=["hint"]
# Centre, `eigh`, times the eigenvectors, each column over its standard deviation: the *root* of its eigenvalue.
# %% [markdown] lang="zh"
# ### 练习 · 白化，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · whitening, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_whiten" difficulty=3 importance=3 minutes=6
def pt_whiten(x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """The data moved and turned so that its covariance is the identity."""
    # solution
    centred = x - x.mean(dim=0)
    variances, directions = torch.linalg.eigh(centred.T @ centred / len(x))
    return centred @ directions / variances.sqrt()


if __name__ == "__main__":
    if tests.test_pt_whiten(pt_whiten):
        torch.manual_seed(0)
        stretched = torch.randn(400, 2) @ torch.tensor([[3.0, 2.0], [0.0, 0.5]]) + 4
        figures.clouds(stretched, pt_whiten(stretched)).show()


# %% [markdown] lang="zh" tags=["hint"]
# `torch.linalg.eigh` 返回什么，按什么顺序？
# %% [markdown] lang="en" tags=["hint"]
# What does `torch.linalg.eigh` return, and in which order?
# %% [markdown] lang="zh" tags=["hint"]
# 特征向量是*列*；也可以用居中数据的 SVD。
# %% [markdown] lang="en" tags=["hint"]
# Eigenvectors are *columns*; an SVD of the centred data will do as well.
# %% [markdown] lang="zh"
# ## 10 · 随机数
# ### 种子放在手里
# `np.random.default_rng(0)` 和 `torch.Generator().manual_seed(0)` 造一个生成器（generator）：它从种子（seed）出发，一路给出看似随机的数。
# 同样的种子，同样的数；每抽一次，它往前走一步。
# 这一节的规矩：随机数全部从参数 `rng` 来，所以种子相同，结果相同；同一个 `rng` 接着再调用，结果就不同。
# 把生成器当作参数传进去，结果就能重现，别处的代码抽多少数也不碍事；全局的 `np.random.seed` 做不到这一点。
# 抽样也不用循环，一次抽一整张表；难的是把分布变成表的运算：
# 要按概率 0.2、0.5、0.3 抽一类，就抽一个均匀的 `u`，数一数累积和 0.2、0.7、1 里有几个 `<= u`：`u` 是 0.6，就是第 1 类。
# 以概率 `p` 发生的事用 `rng.random(shape) < p`，从 `low` 到 `high` 的均匀数是 `low + (high - low) * u`，“不放回”的办法是给每个一个随机数当键（key），取键最小的几个。
# 打乱用 `permutation`，它搬动的是整行（几个数组要一起打乱，就抽*一个*排列 `p`，都按它取：`x[p]`、`y[p]`）；要每行有自己的顺序，就给每格一个键，逐行排序：`order = rng.random(x.shape).argsort(axis=1)`，再用 `np.take_along_axis(x, order, axis=1)`（PyTorch 里是 `gather`），每行按 `order` 里自己的那一行取；`x[order]` 却把里面的数都当成行号，取来一叠整行，行号太大还会报错。
# 下一格掷硬币四次：种子相同，两次一样；不重新开始，就接着往下走。
# %% [markdown] lang="en"
# ## 10 · Random numbers
# ### The seed in your hand
# `np.random.default_rng(0)` and `torch.Generator().manual_seed(0)` make a **generator**: from its **seed** it goes on and on, giving numbers that look random.
# The same seed gives the same numbers; each draw takes the generator a step further.
# The rule of this section: all randomness comes from the argument `rng`, so one seed gives one result, and the next call with the same `rng` another one.
# Pass the generator as an argument, and a result can be repeated, however much other code draws; with the global `np.random.seed` it can't.
# Draws need no loop, either: a whole table comes at once; the hard part is to turn a distribution into operations on tables.
# To draw a class with chances 0.2, 0.5, 0.3, draw a uniform `u` and count how many of the cumulative sums 0.2, 0.7, 1 are `<= u`: with `u` at 0.6 it is class 1.
# A chance of `p` is `rng.random(shape) < p`, uniform numbers from `low` to `high` are `low + (high - low) * u`, and “without replacement” is “give each a random key, and take those with the smallest keys”.
# Shuffling is `permutation`, which moves whole rows (arrays that belong together all follow *one* permutation `p`: `x[p]`, `y[p]`); for an order of its own in each row, give each cell a key and sort row by row, `order = rng.random(x.shape).argsort(axis=1)`; then `np.take_along_axis(x, order, axis=1)` (`gather` in PyTorch) takes from each row by its own row of `order`, while `x[order]` takes every number in it for a row and gives a stack of whole rows, or an error where there is no such row.
# The next cell tosses four coins: the same seed gives the same coins twice, and without a new seed the generator goes on.
# %%
if __name__ == "__main__":
    for seed in (0, 0):
        rng = np.random.default_rng(seed)
        print("seed", seed, rng.random(4) < 0.5, "then", rng.random(4) < 0.5)
    rng = torch.Generator().manual_seed(0)
    print("PyTorch:", torch.rand(4, generator=rng) < 0.5, "a new order:", torch.randperm(5, generator=rng))


# %% [markdown] lang="zh" tags=["question"] see="np_negatives"
# 要一个不等于 `label` 的类别，各类机会相同。
# “抽一个，若相等就加 1”公平吗？先想，再运行下一格：三类，标签是 0。
# %% [markdown] lang="en" tags=["question"] see="np_negatives"
# A class other than `label` is wanted, all with equal chances.
# Is “draw one, and add 1 if it is equal” fair? Think first, then run the next cell: three classes, and the label is 0.
# %% [markdown] lang="zh" tags=["answer"]
# 不公平：抽到 0 时变成 1，所以 1 的机会是三分之二，2 只有三分之一。
# 公平的办法是抽“隔多远”：从 1 到 类别数 − 1 里抽，加上去，再取余数。
# %% [markdown] lang="en" tags=["answer"]
# It isn't: a 0 becomes 1, so 1 has a chance of two thirds, and 2 only one third.
# A fair way is to draw “how far on”: from 1 to the number of classes − 1, add it, and take the remainder.
# %%
if __name__ == "__main__":
    rng = np.random.default_rng(0)
    drawn = rng.integers(3, size=30_000)  # whole numbers from 0 to 2
    drawn = np.where(drawn == 0, 1, drawn)
    print("shares of 0, 1, 2:", (np.bincount(drawn) / len(drawn)).round(2))


# %% [markdown] lang="zh"
# ### 练习 · 随机失活 · 3 分钟
# 每个数各自以概率 `p` 变成 0，留下的除以 $1 - p$，使期望不变；$0 \le p < 1$；类型与 `x` 相同。
# 例如 $p = 0.5$ 时，$3$ 变成 0 或 6，平均还是 3。
# 这一组都不比对具体抽到哪个，只看该成立的性质和频率。
# %% [markdown] lang="en"
# ### Exercise · dropout · 3 min
# Each number becomes 0 with probability `p`, independently of the others; those that stay are divided by $1 - p$, so that the expectation is the same; $0 \le p < 1$; keep the dtype of `x`.
# With $p = 0.5$, for example, $3$ becomes 0 or 6, and its mean is still 3.
# In this whole group you aren't judged by what is drawn, only by what must hold of it, and how often.
# %% exercise="np_dropout_mask" difficulty=1 importance=5 minutes=3
def np_dropout_mask(
    x: Float[np.ndarray, "batch d"], p: float, rng: np.random.Generator
) -> Float[np.ndarray, "batch d"]:
    """`x` with numbers dropped at random, the rest made larger."""
    # solution
    keep = rng.random(x.shape) >= p
    return np.where(keep, x / (1 - p), 0)


if __name__ == "__main__":
    tests.test_np_dropout_mask(np_dropout_mask)


# %% [markdown] lang="zh" tags=["hint"]
# 一张均匀随机数的表与 `p` 比较，就是掩码：哪一边是留下？
# %% [markdown] lang="en" tags=["hint"]
# A table of uniform random numbers compared with `p` is a mask: which side stays?
# %% [markdown] lang="zh"
# ### 练习 · 随机失活，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# 现成的 dropout 不收生成器。
# %% [markdown] lang="en"
# ### Exercise · dropout, PyTorch · 2 min
# The same in PyTorch.
# The ready-made dropout takes no generator.
# %% exercise="pt_dropout_mask" difficulty=1 importance=5 minutes=2
def pt_dropout_mask(x: Float[Tensor, "batch d"], p: float, rng: torch.Generator) -> Float[Tensor, "batch d"]:
    """`x` with numbers dropped at random, the rest made larger."""
    # solution
    keep = torch.rand(x.shape, generator=rng) >= p
    return torch.where(keep, x / (1 - p), 0)


if __name__ == "__main__":
    tests.test_pt_dropout_mask(pt_dropout_mask)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.rand` 收形状和 `generator=rng`。
# %% [markdown] lang="en" tags=["hint"]
# `torch.rand` takes the shape and `generator=rng`.
# %% [markdown] lang="zh"
# ### 练习 · 分成两份 · 3 分钟
# 把 0 到 $n - 1$ 随机分成两份，第一份 `n_first` 个，第二份是其余的；$0 \le$ `n_first` $\le n$。
# 返回两样，各份里的顺序随意；任何 `n_first` 个数一起进第一份的机会都相同。
# 例如 $n = 5$、`n_first` 是 3 时，可能是 $4, 0, 2$ 和 $1, 3$。
# 训练集和验证集就这样分。
# %% [markdown] lang="en"
# ### Exercise · split in two · 3 min
# Divide the numbers 0 to $n - 1$ at random: `n_first` of them go to the first part, the rest to the second; $0 \le$ `n_first` $\le n$.
# Return both parts, each in any order; every choice of `n_first` numbers for the first has the same chance.
# With $n = 5$ and `n_first` 3, for example, it may be $4, 0, 2$ and $1, 3$.
# This makes a training set and a validation set.
# %% exercise="np_split" difficulty=1 importance=5 minutes=3
def np_split(
    n: int, n_first: int, rng: np.random.Generator
) -> tuple[Int[np.ndarray, " n_first"], Int[np.ndarray, " rest"]]:
    """Two random parts of 0 to n - 1."""
    # solution
    order = rng.permutation(n)
    return order[:n_first], order[n_first:]


if __name__ == "__main__":
    tests.test_np_split(np_split)


# %% [markdown] lang="zh" tags=["hint"]
# 打乱一次，再切一刀。
# %% [markdown] lang="en" tags=["hint"]
# Shuffle once, then cut once.
# %% [markdown] lang="zh"
# ### 练习 · 分成两份，PyTorch · 2 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · split in two, PyTorch · 2 min
# The same in PyTorch.
# %% exercise="pt_split" difficulty=1 importance=5 minutes=2
def pt_split(n: int, n_first: int, rng: torch.Generator) -> tuple[Int[Tensor, " n_first"], Int[Tensor, " rest"]]:
    """Two random parts of 0 to n - 1."""
    # solution
    order = torch.randperm(n, generator=rng)
    return order[:n_first], order[n_first:]


if __name__ == "__main__":
    tests.test_pt_split(pt_split)


# %% [markdown] lang="zh" tags=["hint"]
# `randperm` 收 `generator`。
# %% [markdown] lang="en" tags=["hint"]
# `randperm` takes a `generator`.
# %% [markdown] lang="zh"
# ### 练习 · 随机的错误类别 · 5 分钟
# 给每个标签各自独立地抽一个*不同*的类别，其余 `n_classes - 1` 个机会相同；`n_classes` 至少是 2。
# 例如三类、标签 $0, 2$，可能得到 $2, 1$；第一个不会是 $0$，第二个不会是 $2$。
# 有的训练拿正确的例子与随机的错误例子对比，错的就这样抽。
# %% [markdown] lang="en"
# ### Exercise · random wrong classes · 5 min
# For each label, independently, draw a *different* class, all of the other `n_classes - 1` with the same chance; `n_classes` is at least 2.
# With three classes and labels $0, 2$ you may get $2, 1$; the first is never $0$, the second never $2$.
# Some training compares right examples with random wrong ones, which are drawn like this.
# %% exercise="np_negatives" difficulty=2 importance=4 minutes=5
def np_negatives(labels: Int[np.ndarray, " n"], n_classes: int, rng: np.random.Generator) -> Int[np.ndarray, " n"]:
    """A random class for each label, never the label itself."""
    # solution
    return (labels + rng.integers(1, n_classes, size=labels.shape)) % n_classes


if __name__ == "__main__":
    tests.test_np_negatives(np_negatives)


# %% [markdown] lang="zh" tags=["hint"]
# 不抽类别，抽“往后隔几个”：可以是哪些数？
# %% [markdown] lang="en" tags=["hint"]
# Don't draw the class, draw how many classes further on: which numbers can that be?
# %% [markdown] lang="zh" tags=["hint"]
# 加上去，再用 `%` 绕回开头。
# %% [markdown] lang="en" tags=["hint"]
# Add it, and let `%` wrap around.
# %% [markdown] lang="zh"
# ### 练习 · 随机的错误类别，PyTorch · 3 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · random wrong classes, PyTorch · 3 min
# The same in PyTorch.
# %% exercise="pt_negatives" difficulty=2 importance=4 minutes=3
def pt_negatives(labels: Int[Tensor, " n"], n_classes: int, rng: torch.Generator) -> Int[Tensor, " n"]:
    """A random class for each label, never the label itself."""
    # solution
    return (labels + torch.randint(1, n_classes, labels.shape, generator=rng)) % n_classes


if __name__ == "__main__":
    tests.test_pt_negatives(pt_negatives)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.randint` 的上界包括在内吗？
# %% [markdown] lang="en" tags=["hint"]
# Is the upper bound of `torch.randint` included?
# %% [markdown] lang="zh" tags=["hint"]
# 下界 1，上界 `n_classes`，形状，`generator`。
# %% [markdown] lang="en" tags=["hint"]
# From 1 to `n_classes`, the shape, and `generator`.
# %% [markdown] lang="zh"
# ### 练习 · 每类抽一样多 · 10 分钟
# 从每一类里不放回地随机抽 `per_class` 个位置：返回的第 $c$ 行是标签为 $c$ 的 `per_class` 个不同的下标，行内顺序随意，类里任何 `per_class` 个一起抽中的机会都相同。
# 标签是 0 到 `n_classes - 1`，每一类都至少有 `per_class` 个。
# 例如标签 $1, 0, 1, 0$，两类各抽一个，可能是一行 $3$，一行 $0$。
# 类别不平衡的数据，可以这样凑成平衡的一批。
# %% [markdown] lang="en"
# ### Exercise · as many of each class · 10 min
# From each class draw `per_class` positions at random without replacement: row $c$ of the result has `per_class` different indices whose label is $c$, in any order, and every choice of `per_class` members of a class has the same chance.
# Labels are 0 to `n_classes - 1`, and each class has at least `per_class` members.
# With labels $1, 0, 1, 0$ and one of each of two classes, the rows may be $3$ and $0$.
# In this way unbalanced data gives a balanced batch.
# %% exercise="np_balanced" difficulty=3 importance=4 minutes=10
def np_balanced(
    labels: Int[np.ndarray, " n"], n_classes: int, per_class: int, rng: np.random.Generator
) -> Int[np.ndarray, "n_classes per_class"]:
    """Random positions of each class, without replacement."""
    # solution
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order])]
    starts = np.searchsorted(labels[order], np.arange(n_classes))
    return order[starts[:, None] + np.arange(per_class)]


if __name__ == "__main__":
    tests.test_np_balanced(np_balanced)


# %% [markdown] lang="zh" tags=["hint"]
# 打乱以后再按标签排序：同一类的站在一起，类里的顺序还是随机的吗？
# %% [markdown] lang="en" tags=["hint"]
# Shuffle, then sort by label: those of a class stand together; is their order within it still random?
# %% [markdown] lang="zh" tags=["hint"]
# 每一类从哪里开始？`searchsorted` 或 `bincount` 的累加和；一列起点加一行 `arange`。
# %% [markdown] lang="en" tags=["hint"]
# Where does each class begin?
# `searchsorted`, or sums of `bincount`; a column of beginnings plus a row of `arange`.
# %% [markdown] lang="zh"
# ### 练习 · 每类抽一样多，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# %% [markdown] lang="en"
# ### Exercise · as many of each class, PyTorch · 6 min
# The same in PyTorch.
# %% exercise="pt_balanced" difficulty=3 importance=4 minutes=6
def pt_balanced(
    labels: Int[Tensor, " n"], n_classes: int, per_class: int, rng: torch.Generator
) -> Int[Tensor, "n_classes per_class"]:
    """Random positions of each class, without replacement."""
    # solution
    order = torch.randperm(len(labels), generator=rng)
    order = order[labels[order].argsort()]
    starts = torch.searchsorted(labels[order], torch.arange(n_classes))
    return order[starts[:, None] + torch.arange(per_class)]


if __name__ == "__main__":
    tests.test_pt_balanced(pt_balanced)


# %% [markdown] lang="zh" tags=["hint"]
# 先打乱、再按标签排序，在 PyTorch 里各是哪个函数？
# %% [markdown] lang="en" tags=["hint"]
# First shuffle, then sort by label: which functions of PyTorch do this?
# %% [markdown] lang="zh" tags=["hint"]
# `randperm`、`argsort`、`searchsorted`，再用一列加一行的下标。
# %% [markdown] lang="en" tags=["hint"]
# `randperm`, `argsort`, `searchsorted`, and indices from a column plus a row.
# %% [markdown] lang="zh"
# ### 练习 · 按权重不放回地抽 · 10 分钟
# 每一行是一组正的权重；`k` 不超过列数。
# 每行抽 `k` 个不同的列：一次抽一个，机会正比于权重，抽过的不再抽，其余的照原来的权重分；行内顺序随意，各行互不影响。
# 例如权重 $1, 1, 2$，$k = 2$：抽不到第 0 列的机会是 $\frac14 \cdot \frac23 + \frac12 \cdot \frac12 = \frac5{12}$（先抽第 1 列再抽第 2 列，或者反过来）。
# 想法：给每列一个随机的等待时间，权重越大越早到，先到的 `k` 列就是抽中的；`rng.exponential(size=shape)` 抽出平均为 1 的等待时间（指数分布：短的常见，长的少见），改一改，正好能合乎权重。
# 让语言模型一次写出几种不同的续写，可以用它。
# %% [markdown] lang="en"
# ### Exercise · drawn by weight, without replacement · 10 min
# Each row is a set of positive weights; `k` is at most the number of columns.
# For each row draw `k` different columns: one after the other, with chances in proportion to the weights; a column that was drawn isn't drawn again, and the others keep their weights; within a row any order will do, and rows are independent.
# With weights $1, 1, 2$ and $k = 2$, for example, column 0 is missing with the chance $\frac14 \cdot \frac23 + \frac12 \cdot \frac12 = \frac5{12}$ (first column 1 and then column 2, or the other way round).
# The idea: give each column a random waiting time, the shorter the larger its weight, and the first `k` to arrive are drawn; `rng.exponential(size=shape)` draws waiting times of mean 1 (from an exponential distribution: short ones often, long ones seldom), which can be made to fit the weights exactly.
# It can be used where a language model is to write several different continuations of a text.
# %% exercise="np_distinct" difficulty=3 importance=3 minutes=10
def np_distinct(weights: Float[np.ndarray, "batch n"], k: int, rng: np.random.Generator) -> Int[np.ndarray, "batch k"]:
    """k different columns of each row, drawn one after the other by weight."""
    # solution
    keys = rng.exponential(size=weights.shape) / weights
    return np.argsort(keys, axis=1)[:, :k]


if __name__ == "__main__":
    tests.test_np_distinct(np_distinct)


# %% [markdown] lang="zh" tags=["hint"]
# 权重是 2 的那一列，平均应该只等一半的时间：它的等待时间要怎样改？
# %% [markdown] lang="en" tags=["hint"]
# A column of weight 2 should wait half as long on average: what becomes of its waiting time?
# %% [markdown] lang="zh" tags=["hint"]
# 指数分布的等待时间除以权重，最早到的 `k` 个，机会正好是这样；排序，取前 `k` 列。
# %% [markdown] lang="en" tags=["hint"]
# Divide waiting times from an exponential distribution by the weights, and the first `k` to arrive have just these chances; sort, and take the first `k` columns.
# %% [markdown] lang="zh"
# ### 练习 · 按权重不放回地抽，PyTorch · 6 分钟
# 同一件事，用 PyTorch。
# PyTorch 有一个现成的函数；NumPy 的 `rng.choice` 也能按概率（`p=`）不放回（`replace=False`）地抽，但一次只管一行。
# %% [markdown] lang="en"
# ### Exercise · drawn by weight, without replacement, PyTorch · 6 min
# The same in PyTorch.
# PyTorch has a function for it; NumPy's `rng.choice` draws by probability (`p=`) without replacement (`replace=False`), too, but one row at a time.
# %% exercise="pt_distinct" difficulty=3 importance=3 minutes=6
def pt_distinct(weights: Float[Tensor, "batch n"], k: int, rng: torch.Generator) -> Int[Tensor, "batch k"]:
    """k different columns of each row, drawn one after the other by weight."""
    # solution
    return torch.multinomial(weights, k, generator=rng)


if __name__ == "__main__":
    tests.test_pt_distinct(pt_distinct)


# %% [markdown] lang="zh" tags=["hint"]
# 查 `multinomial` 的 `replacement`：默认是什么？
# %% [markdown] lang="en" tags=["hint"]
# Look up `replacement` of `multinomial`: what is its default?
# %% [markdown] lang="zh" tags=["hint"]
# 它收整张表，一行一组权重，还收 `generator`。
# %% [markdown] lang="en" tags=["hint"]
# It takes the whole table, a row for each set of weights, and a `generator`.
# %% [markdown] lang="zh" tags=["question"] see="np_counts"
# 开头的 a、b、c 三个签名，各该想到“每个与每个”、分散、窗口里的哪一个？各举一个本课的练习。
# %% [markdown] lang="en" tags=["question"] see="np_counts"
# Which of each with each, scattering and windows belongs to the signatures a, b and c at the beginning?
# Name an exercise of this lesson for each.
# %% [markdown] lang="zh" tags=["answer"]
# a 是每个与每个，如两两距离；b 是分散，如每类的个数；c 是窗口之后再归约：`frames` 取 `hop` 为 1，再对每段求平均，就是滑动平均。
# %% [markdown] lang="en" tags=["answer"]
# a is each with each, as in the distances of all pairs; b is scattering, as in the counts of classes; c is windows and then a reduction: `frames` with a `hop` of 1, and then the mean of each frame, is a moving average.
# %% [markdown] lang="zh" tags=["question"] see="np_segment_sums"
# 分组求和可以写成“独热的表乘 `x`”。
# 和 `np.add.at` 比，什么时候哪个更好？
# %% [markdown] lang="en" tags=["question"] see="np_segment_sums"
# The sum of each group can be written as a one-hot table times `x`.
# Compared with `np.add.at`, when is which better?
# %% [markdown] lang="zh" tags=["answer"]
# 独热的表有“组数 × 行数”个数：组少时，一次矩阵乘法很快；组有几万个时，表可能大得内存装不下，就用分散累加。
# %% [markdown] lang="en" tags=["answer"]
# The one-hot table has groups × rows numbers: with few groups one matrix product is fast; with tens of thousands of groups it may not fit in memory; then use scatter-add.
# %% [markdown] lang="zh" tags=["question"] see="np_distinct"
# 同样的种子，NumPy 和 PyTorch 抽出的数相同吗？换一台机器、换一个版本呢？想好以后运行 `np.random.default_rng(0).random()` 和 `torch.rand(1, generator=torch.Generator().manual_seed(0))`。
# %% [markdown] lang="en" tags=["question"] see="np_distinct"
# From one seed, do NumPy and PyTorch draw the same numbers?
# And on another machine, with another version?
# Once you have an answer, run `np.random.default_rng(0).random()` and `torch.rand(1, generator=torch.Generator().manual_seed(0))`.
# %% [markdown] lang="zh" tags=["answer"]
# 不同：两个库的算法不一样。
# 同一个库、同一个版本、同一种设备，通常相同；换了版本或者换成显卡，都不保证。
# 所以测试随机的代码，要看性质和频率，不看具体的数。
# %% [markdown] lang="en" tags=["answer"]
# No: the two libraries use different algorithms.
# With the same library, the same version and the same kind of device they usually agree; with another version or on a GPU there is no promise.
# So tests of random code look at properties and frequencies, not at the numbers.
# %% [markdown] lang="zh"
# ## 现在你会了
#
# 两课合起来是五十个任务、一百个答案。
# 读别人的代码时，遇到一行看不懂的，就反过来做：写出它的循环，哪一格从哪里来。
# `im2col` 在 `part2_strides` 里变成真正的卷积，归一化是 `whiten` 的一半：让各列的方差成为 1，不管它们是否相关；`dropout_mask` 在第 2 天的 `train` 模式里，`split` 几乎每次训练都要用。
#
# 还想再练：“100 numpy exercises”（Nicolas Rougier，英文，在 GitHub 上）；做的时候问自己：这一题用 PyTorch 怎样写，哪里会不同？
# %% [markdown] lang="en"
# ## Now you know
#
# The two lessons together are fifty tasks and a hundred answers.
# When you read other people's code and don't understand a line, go the other way: write its loop, and say where each cell comes from.
# `im2col` becomes a real convolution in `part2_strides`, normalisation is one half of `whiten`: it makes each variance 1, whether columns are correlated or not; you meet `dropout_mask` in the `train` mode of day 2, and almost all training needs a `split`.
#
# For more of the kind: “100 numpy exercises” (Nicolas Rougier, in English, on GitHub); ask of each: how is it written in PyTorch, and where does it differ?
