# %% [markdown] lang="zh" order=2
# # 第 0 天 · einops：给轴起名字
#
# `x.permute(0, 2, 1, 3).reshape(…)` 说的是“第几个轴”，读的人只好去数。
# einops 说的是轴的名字，一行字里写清楚从什么变成什么。
#
# 先解十个图形谜题，再算温度，然后用 einsum 写出线性代数，最后把笨拙的旧代码收拾干净。
# 卡住了就运行 `coach hint puzzle_1`。
#
# 整课的规矩：函数不改动传入的张量，结果的 dtype 与输入相同（float64 进，float64 出）。
# %% [markdown] lang="en"
# # Day 0 · einops: axes with names
#
# `x.permute(0, 2, 1, 3).reshape(…)` speaks of axis numbers, and the reader has to count.
# einops calls axes by name, and says in one line what becomes what.
#
# First come ten picture puzzles, then temperatures, then linear algebra by einsum, and at last you tidy up clumsy old code.
# If you are stuck, run `coach hint puzzle_1`.
#
# Two rules hold in the whole lesson: a function leaves its arguments unchanged, and its result has their dtype (float64 in, float64 out).
# %%
import einops
import torch
from jaxtyping import Float
from torch import Tensor

from part0_einops import figures, pictures, tests

# %% [markdown] lang="zh"
# ## 1 · 十个谜题
#
# 材料是六个彩色的数字，形状是 `b c h w`：哪个数字、哪种颜色、哪一行、哪一列。
# %% [markdown] lang="en"
# ## 1 · Ten puzzles
#
# The material is six coloured digits of shape `b c h w`: which digit, which colour, which row, which column.
# %%
if __name__ == "__main__":
    digits = pictures.coloured_digits()
    print("b c h w =", tuple(digits.shape), "from", digits.min().item(), "to", digits.max().item())


# %% [markdown] lang="zh"
# 每个谜题给你一幅目标图，旁边是你的图。
# `einops.rearrange` 只换顺序；`einops.repeat` 让元素多次出现；`einops.reduce` 把一个轴归约掉。
# 一个函数写一行就够；不过任何造得出这幅图的写法都算对。
# %% [markdown] lang="en"
# Each puzzle shows you a target, and beside it your picture.
# `einops.rearrange` changes the order only; `einops.repeat` lets elements appear again; `einops.reduce` does away with an axis.
# One line is enough for each, but any way of making the picture is right.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 1：并排 · 5 分钟
#
# 最常用的一种：`b` 并进了宽度。
# %% [markdown] lang="en"
# ### Exercise · puzzle 1: side by side · 5 min
#
# The most useful of all: `b` has gone into the width.
# %% exercise="puzzle_1" difficulty=1 importance=5 minutes=5
def puzzle_1(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 1."""
    # solution
    return einops.rearrange(digits, "b c h w -> c h (b w)")


if __name__ == "__main__":
    figures.puzzle(1, puzzle_1).show()
    tests.test_puzzle_1(puzzle_1)


# %% [markdown] lang="zh" tags=["hint"]
# 右边一共只有三个轴；括号里的两个轴合成一个，写在前面的变得慢。
# %% [markdown] lang="en" tags=["hint"]
# Three axes on the right; the two in brackets become one, and the first of them runs slowly.
# %% [markdown] lang="zh" tags=["hint"]
# 从左到右，先走完一个数字的 `w` 列，才换下一个数字：谁慢，谁写在前面？
# %% [markdown] lang="en" tags=["hint"]
# From left to right you pass all `w` columns of a digit before the next begins: which is slow, and so comes first?
# %% [markdown] lang="zh"
# ### 练习 · 谜题 2：两行 · 10 分钟
#
# 一个轴也能拆开：左边写 `(b1 b2)`，再告诉 einops 其中一个有多长。
# %% [markdown] lang="en"
# ### Exercise · puzzle 2: in two rows · 10 min
#
# An axis can be taken apart, too: write `(b1 b2)` on the left, and tell einops how long one of them is.
# %% exercise="puzzle_2" difficulty=2 importance=4 minutes=10
def puzzle_2(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 2."""
    # solution
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b1 h) (b2 w)", b1=2)


if __name__ == "__main__":
    figures.puzzle(2, puzzle_2).show()
    tests.test_puzzle_2(puzzle_2)


# %% [markdown] lang="zh" tags=["hint"]
# 像读一页书：编号 = 行 × 每行个数 + 列。拆出来的两个轴，哪个是行？
# %% [markdown] lang="en" tags=["hint"]
# As a page is read: number = row × digits per row + column. Of the two axes you split, which is the row?
# %% [markdown] lang="zh" tags=["hint"]
# 把“行”并进高度，把“列”并进宽度；行数 `b1=2` 作为参数传入。
# %% [markdown] lang="en" tags=["hint"]
# Join the row to the height and the column to the width; the number of rows goes in as `b1=2`.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 3：两列 · 10 分钟
#
# 顺序变了：先读完左边一列，再读右边一列。
# %% [markdown] lang="en"
# ### Exercise · puzzle 3: in two columns · 10 min
#
# The order is another: down the left column first, then down the right one.
# %% exercise="puzzle_3" difficulty=2 importance=3 minutes=10
def puzzle_3(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 3."""
    # solution
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b2 h) (b1 w)", b1=2)


if __name__ == "__main__":
    figures.puzzle(3, puzzle_3).show()
    tests.test_puzzle_3(puzzle_3)


# %% [markdown] lang="zh" tags=["hint"]
# 0 的下面是 1：现在变得快的那一半 `b` 走的是高度。
# %% [markdown] lang="en" tags=["hint"]
# Below 0 stands 1: now the fast part of `b` runs along the height.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 4：拉高与重复 · 10 分钟
#
# `einops.repeat` 里可以出现新的轴，也可以直接写数字。
# %% [markdown] lang="en"
# ### Exercise · puzzle 4: stretched and repeated · 10 min
#
# `einops.repeat` may bring new axes, and plain numbers too.
# %% exercise="puzzle_4" difficulty=3 importance=4 minutes=10
def puzzle_4(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 4."""
    # solution
    return einops.repeat(digits[0], "c h w -> c (h 2) (3 w)")


if __name__ == "__main__":
    figures.puzzle(4, puzzle_4).show()
    tests.test_puzzle_4(puzzle_4)


# %% [markdown] lang="zh" tags=["hint"]
# 只用 `digits[0]`。每一行像素紧接着又出现一次：新轴比 `h` 快还是慢？
# %% [markdown] lang="en" tags=["hint"]
# Take `digits[0]` alone. Each row of pixels comes again at once: is the new axis faster than `h`, or slower?
# %% [markdown] lang="zh" tags=["hint"]
# 横向是整幅图重复三次，不是每个像素重复三次：`3` 在 `w` 的哪一边？
# %% [markdown] lang="en" tags=["hint"]
# Across, the whole picture comes three times, not each pixel: on which side of `w` does the `3` stand?
# %% [markdown] lang="zh"
# ### 练习 · 谜题 5：叠在一起 · 5 分钟
#
# 白是 1，墨迹更小：叠在一起时，每个通道各自留下最小的值。
# %% [markdown] lang="en"
# ### Exercise · puzzle 5: on one sheet · 5 min
#
# White is 1, ink is less: where they lie on each other, each channel keeps its smallest value.
# %% exercise="puzzle_5" difficulty=2 importance=4 minutes=5
def puzzle_5(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 5."""
    # solution
    return einops.reduce(digits, "b c h w -> c h w", "min")


if __name__ == "__main__":
    figures.puzzle(5, puzzle_5).show()
    tests.test_puzzle_5(puzzle_5)


# %% [markdown] lang="zh" tags=["hint"]
# `einops.reduce` 的第三个参数说明怎样归约：右边不见了的轴，就被归约掉。
# %% [markdown] lang="en" tags=["hint"]
# The third argument of `einops.reduce` says how: an axis that is missing on the right is reduced.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 6：去掉颜色 · 10 分钟
#
# 归约一个轴、合并另一个轴，可以一步完成；结果只有两个轴。
# %% [markdown] lang="en"
# ### Exercise · puzzle 6: without colour · 10 min
#
# One axis is reduced, another joined, in a single step; the result has two axes.
# %% exercise="puzzle_6" difficulty=2 importance=4 minutes=10
def puzzle_6(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "rows columns"]:
    """The picture of target 6."""
    # solution
    return einops.reduce(digits, "b c h w -> h (b w)", "mean")


if __name__ == "__main__":
    figures.puzzle(6, puzzle_6).show()
    tests.test_puzzle_6(puzzle_6)


# %% [markdown] lang="zh" tags=["hint"]
# 灰度是三个通道的平均：`c` 在右边不再出现。
# %% [markdown] lang="en" tags=["hint"]
# Grey is the mean of the three channels: `c` is not found on the right.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 7：沿对角线翻转 · 10 分钟
#
# 行变成列，列变成行，再并排。
# %% [markdown] lang="en"
# ### Exercise · puzzle 7: mirrored in the diagonal · 10 min
#
# Rows become columns and columns become rows; then side by side.
# %% exercise="puzzle_7" difficulty=2 importance=3 minutes=10
def puzzle_7(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 7."""
    # solution
    return einops.rearrange(digits, "b c h w -> c w (b h)")


if __name__ == "__main__":
    figures.puzzle(7, puzzle_7).show()
    tests.test_puzzle_7(puzzle_7)


# %% [markdown] lang="zh" tags=["hint"]
# 看形状：现在的高度是原来的 `w`。剩下的 `h` 和 `b` 一起组成宽度。
# %% [markdown] lang="en" tags=["hint"]
# Look at the shape: the height is now what `w` was. The `h` that is left makes the width together with `b`.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 8：缩小一半 · 15 分钟
#
# 平均池化（average pooling）：每 2 × 2 个像素变成它们的平均。
# %% [markdown] lang="en"
# ### Exercise · puzzle 8: half the size · 15 min
#
# Average pooling: each block of 2 × 2 pixels becomes its mean.
# %% exercise="puzzle_8" difficulty=3 importance=5 minutes=15
def puzzle_8(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 8."""
    # solution
    return einops.reduce(digits, "b c (h 2) (w 2) -> c h (b w)", "mean")


if __name__ == "__main__":
    figures.puzzle(8, puzzle_8).show()
    tests.test_puzzle_8(puzzle_8)


# %% [markdown] lang="zh" tags=["hint"]
# 先在左边把 `h` 拆成“第几块”和“块内第几行”，宽度也一样。
# %% [markdown] lang="en" tags=["hint"]
# On the left split `h` into which block and which row in it, and the width likewise.
# %% [markdown] lang="zh" tags=["hint"]
# 同一块的两行紧挨着，所以块内的轴写在后面：`(h 2)`。
# %% [markdown] lang="en" tags=["hint"]
# The two rows of a block are neighbours, so the axis within it comes last: `(h 2)`.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 9：编织 · 10 分钟
#
# 六个数字的列交错排开：先是每个数字的第 0 列，再是每个数字的第 1 列。
# %% [markdown] lang="en"
# ### Exercise · puzzle 9: woven · 10 min
#
# The columns of six digits alternate: column 0 of each, then column 1 of each.
# %% exercise="puzzle_9" difficulty=3 importance=3 minutes=10
def puzzle_9(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 9."""
    # solution
    return einops.rearrange(digits, "b c h w -> c h (w b)")


if __name__ == "__main__":
    figures.puzzle(9, puzzle_9).show()
    tests.test_puzzle_9(puzzle_9)


# %% [markdown] lang="zh" tags=["hint"]
# 与谜题 1 只差括号里的顺序。
# %% [markdown] lang="en" tags=["hint"]
# It differs from puzzle 1 by the order in the brackets alone.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 10：拦腰切开 · 15 分钟
#
# 上半身在前，下半身在后，全都排成一行。
# %% [markdown] lang="en"
# ### Exercise · puzzle 10: cut across · 15 min
#
# Upper halves first, then lower halves, all in one row.
# %% exercise="puzzle_10" difficulty=4 importance=3 minutes=15
def puzzle_10(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 10."""
    # solution
    return einops.rearrange(digits, "b c (half h) w -> c h (half b w)", half=2)


if __name__ == "__main__":
    figures.puzzle(10, puzzle_10).show()
    tests.test_puzzle_10(puzzle_10)


# %% [markdown] lang="zh" tags=["hint"]
# 左边把高度拆成 `(half h)`：`half` 是 0 时是上半身。
# %% [markdown] lang="en" tags=["hint"]
# On the left split the height as `(half h)`: where `half` is 0 it is the upper one.
# %% [markdown] lang="zh" tags=["hint"]
# 宽度由三个轴组成，从最慢写到最快：半身、数字、列。
# %% [markdown] lang="en" tags=["hint"]
# Three axes make the width, from the slowest to the fastest: half, digit, column.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_9"
# `(b w)` 和 `(w b)` 的长度相同：结果有什么不同？它们可以是视图吗？
# %% [markdown] lang="en" tags=["question"] see="puzzle_9"
# `(b w)` and `(w b)` are equally long: how do the results differ, and can either of them be a view?
# %% [markdown] lang="zh" tags=["answer"]
# 括号里写在后面的轴变得快：`(b w)` 先走完一个数字的所有列，`(w b)` 每走一列就换一个数字。
# 只有新的顺序能用固定的步长走出来，结果才能是视图；`b h w -> (b h) w` 可以，`b h w -> h (b w)` 和 `b h w -> h (w b)` 都得拷贝。
# einops 与 `reshape` 一样，能不拷贝就不拷贝。
# %% [markdown] lang="en" tags=["answer"]
# In brackets the last axis runs fast: `(b w)` passes all columns of one digit, `(w b)` goes to another digit after every column.
# The result can be a view only if the new order can be walked with fixed strides: `b h w -> (b h) w` can, while `b h w -> h (b w)` and `b h w -> h (w b)` must both copy.
# Like `reshape`, einops makes no copy where none is needed.
# %% [markdown] lang="zh"
# ## 2 · 从一排数字开始
# %% [markdown] lang="en"
# ## 2 · From a row of numbers
# %% [markdown] lang="zh"
# ### 练习 · 三行两列 · 5 分钟
#
# 用 `torch.arange` 和 `einops.rearrange` 造出 `[[3, 4], [5, 6], [7, 8]]`，元素是 float32；测试会看这两个函数有没有被调用。
# %% [markdown] lang="en"
# ### Exercise · three rows, two columns · 5 min
#
# Make `[[3, 4], [5, 6], [7, 8]]` by `torch.arange` and `einops.rearrange`, in float32; the test looks whether both are called.
# %% exercise="rearrange_1" difficulty=1 importance=3 minutes=5
def rearrange_1() -> Float[Tensor, "3 2"]:
    """[[3, 4], [5, 6], [7, 8]], in float32."""
    # solution
    return einops.rearrange(torch.arange(3.0, 9), "(rows columns) -> rows columns", columns=2)


if __name__ == "__main__":
    tests.test_rearrange_1(rearrange_1)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.arange(3.0, 9)` 从 3 到 8，终点不算；起点带小数点，结果就是浮点数。
# %% [markdown] lang="en" tags=["hint"]
# `torch.arange(3.0, 9)` runs from 3 to 8, without the end; a start with a decimal point gives floats.
# %% [markdown] lang="zh"
# ### 练习 · 两行三列 · 5 分钟
#
# 再来一次 `[[1, 2, 3], [4, 5, 6]]`，也用 `torch.arange` 和 `einops.rearrange`。
# %% [markdown] lang="en"
# ### Exercise · two rows, three columns · 5 min
#
# Once more, `[[1, 2, 3], [4, 5, 6]]`, again by `torch.arange` and `einops.rearrange`.
# %% exercise="rearrange_2" difficulty=1 importance=3 minutes=5
def rearrange_2() -> Float[Tensor, "2 3"]:
    """[[1, 2, 3], [4, 5, 6]], in float32."""
    # solution
    return einops.rearrange(torch.arange(1.0, 7), "(rows columns) -> rows columns", rows=2)


if __name__ == "__main__":
    tests.test_rearrange_2(rearrange_2)


# %% [markdown] lang="zh" tags=["hint"]
# 拆开的两个轴只要说出一个的长度；先填满一行，所以行写在前面。
# %% [markdown] lang="en" tags=["hint"]
# Of the two axes you split, the length of one is enough; a row is filled first, so rows are written first.
# %% [markdown] lang="zh"
# ## 3 · 温度
#
# 一个轴里常常藏着两个：28 天也是 4 周，每周 7 天。
# %% [markdown] lang="en"
# ## 3 · Temperatures
#
# One axis often hides two: 28 days are also 4 weeks of 7 days.
# %%
def four_weeks() -> Float[Tensor, " days"]:
    """Made-up temperatures of 28 days of spring, in degrees Celsius."""
    generator = torch.Generator().manual_seed(3)
    return torch.linspace(9, 17, 28) + 2 * torch.randn(28, generator=generator)


# %% [markdown] lang="zh"
# ### 练习 · 每周的平均 · 10 分钟
# %% [markdown] lang="en"
# ### Exercise · the average of each week · 10 min
# %% exercise="temperatures_average" difficulty=2 importance=4 minutes=10
def temperatures_average(temps: Float[Tensor, " days"]) -> Float[Tensor, " weeks"]:
    """The mean of each week of 7 days; days that make no whole week are an error (of any kind: einops raises its own)."""
    # solution
    return einops.reduce(temps, "(weeks 7) -> weeks", "mean")


if __name__ == "__main__":
    if tests.test_temperatures_average(temperatures_average):
        figures.weeks(four_weeks(), temperatures_average(four_weeks())).show()


# %% [markdown] lang="zh" tags=["hint"]
# 与谜题 8 相同：左边拆成 `(weeks 7)`，右边少掉的轴被平均。
# %% [markdown] lang="en" tags=["hint"]
# As in puzzle 8: split it on the left as `(weeks 7)`, and what is missing on the right is averaged.
# %% [markdown] lang="zh"
# ### 练习 · 与本周平均的差 · 10 分钟
#
# 每一天减去它那一周的平均；结果仍是每天一个数。
# %% [markdown] lang="en"
# ### Exercise · away from the week's average · 10 min
#
# From each day take the average of its own week; one number per day remains.
# %% exercise="temperatures_differences" difficulty=2 importance=4 minutes=10
def temperatures_differences(temps: Float[Tensor, " days"]) -> Float[Tensor, " days"]:
    """Each day's temperature minus the mean of its week."""
    # solution
    return temps - einops.repeat(temperatures_average(temps), "weeks -> (weeks 7)")


if __name__ == "__main__":
    if tests.test_temperatures_differences(temperatures_differences):
        sums = einops.reduce(temperatures_differences(four_weeks()), "(weeks 7) -> weeks", "sum")
        print("the differences of each week add up to", sums.abs().round(decimals=4))


# %% [markdown] lang="zh" tags=["hint"]
# 每个平均值要连续出现 7 次，再相减：`(weeks 7)` 还是 `(7 weeks)`？
# %% [markdown] lang="en" tags=["hint"]
# Each average must appear 7 times in a row before you subtract: `(weeks 7)` or `(7 weeks)`?
# %% [markdown] lang="zh"
# ### 练习 · 标准化 · 10 分钟
#
# 再除以那一周的标准差，用无偏的那一种：平方和除以 6，不是 7。
# %% [markdown] lang="en"
# ### Exercise · standardised · 10 min
#
# Divide by that week's standard deviation as well, the unbiased one: the sum of squares over 6, not 7.
# %% exercise="temperatures_normalized" difficulty=3 importance=4 minutes=10
def temperatures_normalized(temps: Float[Tensor, " days"]) -> Float[Tensor, " days"]:
    """Each day minus the mean of its week, over the week's unbiased standard deviation; 7 equal days have none."""
    # solution
    deviation = einops.reduce(temps, "(weeks 7) -> weeks", torch.std)
    return temperatures_differences(temps) / einops.repeat(deviation, "weeks -> (weeks 7)")


if __name__ == "__main__":
    if tests.test_temperatures_normalized(temperatures_normalized):
        print(temperatures_normalized(four_weeks())[:7])


# %% [markdown] lang="zh" tags=["hint"]
# `einops.reduce` 也接受函数：`torch.std` 默认就是无偏的。
# %% [markdown] lang="en" tags=["hint"]
# `einops.reduce` takes a function, too: `torch.std` is unbiased by default.
# %% [markdown] lang="zh"
# ## 4 · 爱因斯坦求和
#
# `einops.einsum(A, B, "i j, j k -> i k")`：同名的轴对齐相乘，箭头右边没有的轴被求和。
# 规矩只有这一条；矩阵乘法、迹、外积都是它。
# 同名的轴要一样长；只有长度为 1 的轴例外，它像广播那样被拉长。
#
# 这一节只许用 `einops.einsum` 计算：测试会看你的函数调用了什么，`@`、`.T`、`.sum()`、下标和 `torch.einsum` 都不放行；看形状、`assert` 和 `print` 不算。
# %% [markdown] lang="en"
# ## 4 · Einstein's summation
#
# `einops.einsum(A, B, "i j, j k -> i k")`: axes of one name are lined up and multiplied, and what is not on the right is summed.
# That is the only rule; matrix product, trace and outer product are all of it.
# Axes of one name must be equally long; only one of length 1 is stretched, as in broadcasting.
#
# In this section only `einops.einsum` may compute: the tests watch what your function calls, and let no `@`, `.T`, `.sum()`, index or `torch.einsum` pass; to look at a shape, `assert` or `print` is allowed.
# %% [markdown] lang="zh"
# ### 练习 · 迹 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · the trace · 5 min
# %% exercise="einsum_trace" difficulty=2 importance=3 minutes=5
def einsum_trace(matrix: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The sum of the diagonal."""
    # solution
    return einops.einsum(matrix, "i i ->")


if __name__ == "__main__":
    tests.test_einsum_trace(einsum_trace)


# %% [markdown] lang="zh" tags=["hint"]
# 同一个名字写两次，就只走对角线；箭头右边可以什么都不写。
# %% [markdown] lang="en" tags=["hint"]
# One name written twice walks the diagonal alone; and nothing at all may stand to the right of the arrow.
# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘向量 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · matrix times vector · 5 min
# %% exercise="einsum_mv" difficulty=1 importance=4 minutes=5
def einsum_mv(matrix: Float[Tensor, "n m"], vector: Float[Tensor, " m"]) -> Float[Tensor, " n"]:
    """`matrix @ vector`."""
    # solution
    return einops.einsum(matrix, vector, "n m, m -> n")


if __name__ == "__main__":
    tests.test_einsum_mv(einsum_mv)


# %% [markdown] lang="zh" tags=["hint"]
# 哪个轴两边都有、而结果里没有？它就是被求和的那一个。
# %% [markdown] lang="en" tags=["hint"]
# Which axis appears in both inputs but not in the result? It is the one that is summed over.
# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘矩阵 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · matrix times matrix · 5 min
# %% exercise="einsum_mm" difficulty=1 importance=5 minutes=5
def einsum_mm(A: Float[Tensor, "n m"], B: Float[Tensor, "m p"]) -> Float[Tensor, "n p"]:
    """`A @ B`."""
    # solution
    return einops.einsum(A, B, "n m, m p -> n p")


if __name__ == "__main__":
    tests.test_einsum_mm(einsum_mm)


# %% [markdown] lang="zh" tags=["hint"]
# 签名里的形状就是模式：照着写，再补上箭头。
# %% [markdown] lang="en" tags=["hint"]
# The shapes in the signature are the pattern: copy them and add the arrow.
# %% [markdown] lang="zh"
# ### 练习 · 内积 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · the inner product · 5 min
# %% exercise="einsum_inner" difficulty=1 importance=4 minutes=5
def einsum_inner(x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """The sum of the products of corresponding elements."""
    # solution
    return einops.einsum(x, y, "n, n ->")


if __name__ == "__main__":
    tests.test_einsum_inner(einsum_inner)


# %% [markdown] lang="zh" tags=["hint"]
# 两个向量的轴要同名，它们才会逐项相乘。
# %% [markdown] lang="en" tags=["hint"]
# Both vectors' axes must have one name, or they are not multiplied term by term.
# %% [markdown] lang="zh"
# ### 练习 · 外积 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · the outer product · 5 min
# %% exercise="einsum_outer" difficulty=1 importance=4 minutes=5
def einsum_outer(x: Float[Tensor, " n"], y: Float[Tensor, " m"]) -> Float[Tensor, "n m"]:
    """The matrix of all products `x[i] * y[j]`."""
    # solution
    return einops.einsum(x, y, "n, m -> n m")


if __name__ == "__main__":
    tests.test_einsum_outer(einsum_outer)


# %% [markdown] lang="zh" tags=["hint"]
# 没有一个轴被求和：左边的名字右边全都有。
# %% [markdown] lang="en" tags=["hint"]
# No axis is summed: all names of the left are on the right.
# %% [markdown] lang="zh"
# ### 练习 · 注意力分数 · 10 分钟
#
# 每个批次、每个头里，第 `pos` 个查询（query）与第 `src` 个键（key）的内积；这里不除以 $\sqrt{d}$。
# %% [markdown] lang="en"
# ### Exercise · attention scores · 10 min
#
# In each batch and head, the inner product of query `pos` with key `src`; here not divided by $\sqrt{d}$.
# %% exercise="einsum_attention_scores" difficulty=3 importance=5 minutes=10
def einsum_attention_scores(
    q: Float[Tensor, "b head pos d"], k: Float[Tensor, "b head src d"]
) -> Float[Tensor, "b head pos src"]:
    """The inner product of each query with each key of its own batch and head."""
    # solution
    return einops.einsum(q, k, "b head pos d, b head src d -> b head pos src")


if __name__ == "__main__":
    if tests.test_einsum_attention_scores(einsum_attention_scores):
        keys = torch.randn(1, 1, 12, 64, generator=torch.Generator().manual_seed(0))
        figures.scores(einsum_attention_scores(keys.roll(1, dims=2), keys)[0, 0]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 要留下的轴有四个：`b`、`head`、`pos`、`src`；只有 `d` 被求和。
# %% [markdown] lang="en" tags=["hint"]
# Four axes stay: `b`, `head`, `pos`, `src`; only `d` is summed.
# %% [markdown] lang="zh"
# ### 练习 · 双线性 · 10 分钟
#
# $\mathrm{out}_o = \sum_{n,m} x_n W_{onm} y_m$，对批次里的每一对 $x$、$y$。
# 一次调用可以有三个张量。
# %% [markdown] lang="en"
# ### Exercise · bilinear · 10 min
#
# $\mathrm{out}_o = \sum_{n,m} x_n W_{onm} y_m$, for each pair $x$, $y$ of the batch.
# One call may take three tensors.
# %% exercise="einsum_bilinear" difficulty=3 importance=3 minutes=10
def einsum_bilinear(
    x: Float[Tensor, "batch n"], W: Float[Tensor, "out n m"], y: Float[Tensor, "batch m"]
) -> Float[Tensor, "batch out"]:
    """What `torch.nn.functional.bilinear(x, y, W)` returns."""
    # solution
    return einops.einsum(x, W, y, "batch n, out n m, batch m -> batch out")


if __name__ == "__main__":
    tests.test_einsum_bilinear(einsum_bilinear)


# %% [markdown] lang="zh" tags=["hint"]
# 公式里的下标就是轴的名字；$x$ 与 $y$ 还共有一个 `batch`，它在右边也要出现。
# %% [markdown] lang="en" tags=["hint"]
# The indices of the formula are the names; $x$ and $y$ also share a `batch`, which must be on the right, too.
# %% [markdown] lang="zh" tags=["question"] see="einsum_attention_scores"
# 如果把键的轴也叫作 `pos`，右边写 `b head pos`，`einsum_attention_scores` 会算出什么？它会报错吗？
# %% [markdown] lang="en" tags=["question"] see="einsum_attention_scores"
# If you also called the keys' axis `pos`, with `b head pos` on the right, what would `einsum_attention_scores` compute, and would it raise an error?
# %% [markdown] lang="zh" tags=["answer"]
# 同名就要对齐：第 `pos` 个查询只与第 `pos` 个键相乘，得到的是分数矩阵的对角线，形状 `b head pos`。
# 两边一样长时不会报错，它只是算了别的东西；其中一边长度为 1 时也不会，它被拉长；此外长度不同，才会因为对不齐而报错。
# （右边若还写着 `src`，einops 会说左边没有这个名字。）
# 所以含义不同的轴要用不同的名字，哪怕长度相同。
# %% [markdown] lang="en" tags=["answer"]
# One name means lined up: query `pos` meets only key `pos`, which gives the diagonal of the scores, of shape `b head pos`.
# With equal lengths there is no error, it just computes something else; nor is there one if either length is 1, which is stretched; other unequal lengths cannot be lined up and raise one.
# (With `src` still on the right, einops says that the left has no such name.)
# So axes of different meaning get different names, even if they are equally long.
# %% [markdown] lang="zh"
# ## 5 · 收拾旧代码
#
# 下面四段代码都是对的，也都难读。
# 用 einops 重写，结果要一样；旧的调用不许再用：`transpose`、`permute`、`movedim`、`squeeze`、`unsqueeze`、`view`、`reshape`、`flatten`、`unflatten`、`expand`、`.T` 之类，还有 `x[:, None]`，也不绕道 NumPy。
# %% [markdown] lang="en"
# ## 5 · Tidy up
#
# The next four pieces of code are right, and hard to read.
# Write them with einops, to the same result; the old calls are forbidden: `transpose`, `permute`, `movedim`, `squeeze`, `unsqueeze`, `view`, `reshape`, `flatten`, `unflatten`, `expand`, `.T` and their like, and `x[:, None]`, and no detour through NumPy.
# %% [markdown] lang="zh"
# ### 练习 · 拆成多个头 · 10 分钟
# %% [markdown] lang="en"
# ### Exercise · split into heads · 10 min
# %% exercise="tidy_1" difficulty=2 importance=5 minutes=10
def clumsy_1(x: Float[Tensor, "batch seq width"], heads: int) -> Float[Tensor, "batch heads seq d"]:
    """What `tidy_1` must return."""
    return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


def tidy_1(x: Float[Tensor, "batch seq width"], heads: int) -> Float[Tensor, "batch heads seq d"]:
    """The width cut into `heads` equal pieces, each a head of its own."""
    # solution
    return einops.rearrange(x, "batch seq (heads d) -> batch heads seq d", heads=heads)


if __name__ == "__main__":
    if tests.test_tidy_1(tidy_1):
        x = torch.arange(24.0).reshape(2, 3, 4)
        print("the same as before:", torch.equal(tidy_1(x, 2), clumsy_1(x, 2)))


# %% [markdown] lang="zh" tags=["hint"]
# 先写出旧代码前后的形状；`view` 拆开了哪个轴，拆出来的两个谁在前？
# %% [markdown] lang="en" tags=["hint"]
# Write down the shapes before and after; which axis does `view` split, and which of the two comes first?
# %% [markdown] lang="zh"
# ### 练习 · 合并多个头再求平均 · 10 分钟
# %% [markdown] lang="en"
# ### Exercise · join heads and average · 10 min
# %% exercise="tidy_2" difficulty=3 importance=4 minutes=10
def clumsy_2(x: Float[Tensor, "batch heads seq d"]) -> Float[Tensor, "batch width"]:
    """What `tidy_2` must return."""
    x = x.transpose(1, 2).contiguous()
    return x.view(x.shape[0], x.shape[1], -1).mean(dim=1, keepdim=True).squeeze(1)


def tidy_2(x: Float[Tensor, "batch heads seq d"]) -> Float[Tensor, "batch width"]:
    """The heads side by side, averaged over the sequence."""
    # solution
    return einops.reduce(x, "batch heads seq d -> batch (heads d)", "mean")


if __name__ == "__main__":
    if tests.test_tidy_2(tidy_2):
        x = torch.arange(24.0).reshape(1, 2, 3, 4)
        print("the same as before:", torch.equal(tidy_2(x), clumsy_2(x)))


# %% [markdown] lang="zh" tags=["hint"]
# 五次调用，其实只有两件事：`seq` 被平均，`heads` 与 `d` 合并。`einops.reduce` 一次做完。
# %% [markdown] lang="en" tags=["hint"]
# Five calls do only two things: `seq` is averaged, `heads` and `d` are joined. `einops.reduce` does both at once.
# %% [markdown] lang="zh"
# ### 练习 · 图片切成小块 · 15 分钟
#
# 视觉 Transformer 的第一步：每一小块（patch）展平成一行。
# %% [markdown] lang="en"
# ### Exercise · patches of a picture · 15 min
#
# A vision transformer begins with it: each patch is laid out as a row.
# %% exercise="tidy_3" difficulty=4 importance=4 minutes=15
def clumsy_3(images: Float[Tensor, "b c h w"], size: int) -> Float[Tensor, "b patches values"]:
    """What `tidy_3` must return."""
    b, c, h, w = images.shape
    x = images.reshape(b, c, h // size, size, w // size, size)
    return x.permute(0, 2, 4, 3, 5, 1).reshape(b, (h // size) * (w // size), size * size * c)


def tidy_3(images: Float[Tensor, "b c h w"], size: int) -> Float[Tensor, "b patches values"]:
    """Each patch of `size` by `size` pixels as a row, its values ordered by row, column, channel."""
    # solution
    pattern = "b c (rows dy) (columns dx) -> b (rows columns) (dy dx c)"
    return einops.rearrange(images, pattern, dy=size, dx=size)


if __name__ == "__main__":
    if tests.test_tidy_3(tidy_3):
        x = pictures.coloured_digits()
        print(tuple(tidy_3(x, 6).shape), "the same as before:", torch.equal(tidy_3(x, 6), clumsy_3(x, 6)))


# %% [markdown] lang="zh" tags=["hint"]
# 给 `reshape` 拆出的六个轴各起一个名字，再按 `permute` 的顺序写在右边。
# %% [markdown] lang="en" tags=["hint"]
# Give each of the six axes made by `reshape` a name, then write them on the right in the order of `permute`.
# %% [markdown] lang="zh" tags=["hint"]
# 最后的 `reshape` 把它们合成三个轴：`b`、两个数块的轴、三个块内的轴。
# %% [markdown] lang="en" tags=["hint"]
# The last `reshape` joins them to three: `b`, the two that count patches, the three within a patch.
# %% [markdown] lang="zh"
# ### 练习 · 加权求和 · 15 分钟
#
# 旧代码里的 `squeeze()` 没写 `dim`：批次恰好为 1 时，它把批次轴也吞掉了。
# 你的函数要在任何大小下都保留三个轴。
# %% [markdown] lang="en"
# ### Exercise · a weighted sum · 15 min
#
# The `squeeze()` in the old code names no `dim`: if the batch happens to be 1, it swallows the batch axis as well.
# Yours keeps its three axes at every size.
# %% exercise="tidy_4" difficulty=3 importance=5 minutes=15
def clumsy_4(
    weights: Float[Tensor, "batch heads src"], values: Float[Tensor, "batch src heads d"]
) -> Float[Tensor, "batch heads d"]:
    """What `tidy_4` must return, if no axis has length 1."""
    return torch.matmul(weights.unsqueeze(2), values.permute(0, 2, 1, 3)).squeeze()


def tidy_4(
    weights: Float[Tensor, "batch heads src"], values: Float[Tensor, "batch src heads d"]
) -> Float[Tensor, "batch heads d"]:
    """For each head, the sum of its values weighted over `src`."""
    # solution
    return einops.einsum(weights, values, "batch heads src, batch src heads d -> batch heads d")


if __name__ == "__main__":
    if tests.test_tidy_4(tidy_4):
        weights, values = torch.ones(1, 2, 3) / 3, torch.randn(1, 3, 2, 4)
        print("clumsy_4:", tuple(clumsy_4(weights, values).shape), "tidy_4:", tuple(tidy_4(weights, values).shape))

# %% [markdown] lang="zh" tags=["hint"]
# `matmul` 前后多出来的轴只为让它对得上号；用 einsum 就用不着它们。
# %% [markdown] lang="en" tags=["hint"]
# The axes added around `matmul` only make its positions match; einsum needs none of them.
# %% [markdown] lang="zh" tags=["question"] see="tidy_4"
# 为什么 `squeeze()` 不写 `dim` 是个隐患？einops 怎样避免它？
# %% [markdown] lang="en" tags=["question"] see="tidy_4"
# Why is `squeeze()` without `dim` a trap, and how does einops avoid it?
# %% [markdown] lang="zh" tags=["answer"]
# 它去掉所有长度为 1 的轴，于是结果有几个轴取决于数据：批次为 1、只有一个头，形状就变了，错误常在很远的地方才冒出来。
# einops 的模式写出了每个轴：右边写几个，结果就有几个；`rearrange` 要去掉长度为 1 的轴，得在左边写明那个 `1`。
# %% [markdown] lang="en" tags=["answer"]
# It drops every axis of length 1, so the number of axes depends on the data: with a batch of 1, or one head, the shape changes, and the error often shows far away.
# An einops pattern writes out each axis: the result has as many as stand on the right; and for `rearrange` to drop one of length 1 you must write that `1` on the left.
