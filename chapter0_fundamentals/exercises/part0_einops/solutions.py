# %% [markdown] lang="zh" order=2
# # 第 0 天 · einops：给轴起名字
# `x.permute(0, 2, 1, 3).reshape(…)` 说的是“第几个轴”，读的人只好去数；einops 给每个轴起名字，一行字写清楚什么变成什么。
# 学完这一课，你能把一批图片按任意的顺序拼起来，能按块、按周取平均，能用一行 einsum 写出矩阵乘法和注意力分数，还能把绕来绕去的旧代码改写得一目了然。
# **先修**：`part0_tensors`（形状、步长、视图与拷贝、广播、归约、签名里的形状）。
# **时间**：写大约两个半小时，读大约一小时；第 4 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了就运行 `coach hint puzzle_1`；`coach questions` 提出自测题，再给出我们的答案。
# 规矩：函数不改动传入的张量，也不假定它在内存里排得整齐；每个轴至少有一个元素；结果的 dtype 与输入相同，float64 进，float64 出。结果可以是输入的视图，与它共用内存。
# 怎样写都可以，练习规定了写法的，照练习的来。
# %% [markdown] lang="en"
# # Day 0 · einops: axes with names
# `x.permute(0, 2, 1, 3).reshape(…)` gives only the numbers of axes, and the reader has to count; einops gives each axis a name, and one line says what becomes what.
# After this lesson you can put a batch of pictures together in any order, average by block and by week, write a matrix product and attention scores in one line of einsum, and rewrite old, roundabout code so that anyone can read it.
# **You need** `part0_tensors` (shapes, strides, views and copies, broadcasting, reductions, shapes in signatures).
# **Time**: writing takes about two and a half hours, reading about one; after section 4 is a good place for a rest.
# **How to read**: guess first, then run, and only then write. If you are stuck, run `coach hint puzzle_1`; `coach questions` asks the self-check and then shows our answers.
# The rules: a function leaves its arguments unchanged, and doesn't assume that they lie in order in memory; every axis has at least one element; the result has the dtype of the input, float64 in, float64 out. A result may be a view of the input, and share its memory.
# Any way of writing it will do, except where an exercise names the way.
# %%
import einops
import torch
from jaxtyping import Float
from torch import Tensor

from part0_einops import figures, pictures, tests

# %% [markdown] lang="zh"
# ## 1 · 名字代替编号
# 材料是六个彩色的数字，形状是 `b c h w`：哪个数字（b，批 batch）、哪种颜色（c，通道 channel：红、绿、蓝）、哪一行（h，高 height）、哪一列（w，宽 width）。
# 第一件事：把六个数字从上到下摞成一幅图，形状是 $(3, 6 \cdot 24, 18) = (3, 144, 18)$。
# 既然形状已经知道，`digits.reshape(3, 144, 18)` 行不行？
# %% [markdown] lang="en"
# ## 1 · Names instead of numbers
# The material is six coloured digits of shape `b c h w`: which digit (b for batch), which colour (c for channel: red, green, blue), which row (h for height), which column (w for width).
# The first job is to pile the six up, from top to bottom, into one picture of shape $(3, 6 \cdot 24, 18) = (3, 144, 18)$.
# Since the shape is known, will `digits.reshape(3, 144, 18)` do?
# %% [markdown] lang="zh" tags=["question"] see="puzzle_1"
# 先预测，再运行下一格：`reshape` 会报错吗？形状对吗？图对吗？
# %% [markdown] lang="en" tags=["question"] see="puzzle_1"
# Predict, then run the next cell: does `reshape` raise an error? Is the shape right? Is the picture?
# %% [markdown] lang="zh" tags=["answer"]
# 不报错，形状也对，图却是错的。
# `reshape` 按内存的顺序往下读：前三分之一是数字 0 和 1，连同它们的三种颜色，全成了红色通道。
# 很多人以为形状对了就没事；形状只说每个轴多长，不说哪个数到了哪里。
# %% [markdown] lang="en" tags=["answer"]
# No error, the right shape, and a wrong picture.
# `reshape` reads on in memory's order: the first third is digits 0 and 1 with all three of their colours, and all of that becomes the red channel.
# It is tempting to trust a right shape; but a shape only says how long each axis is, and not which number went where.
# %%
if __name__ == "__main__":
    digits = pictures.coloured_digits()
    print("b c h w =", tuple(digits.shape), "from", digits.min().item(), "to", digits.max().item())
    reshaped = digits.reshape(3, 144, 18)
    by_number = digits.permute(1, 0, 2, 3).reshape(3, 144, 18)  # first move the axes, then join two of them
    by_name = einops.rearrange(digits, "b c h w -> c (b h) w")
    print("shapes:", tuple(reshaped.shape), tuple(by_number.shape), tuple(by_name.shape))
    print("reshape alone is right:", torch.equal(reshaped, by_name), "permute first:", torch.equal(by_number, by_name))
    figures.beside(reshaped, by_name).show()

# %% [markdown] lang="zh"
# `reshape` 不报错，形状也对，图却是错的：它按内存的顺序往下读，前三分之一是数字 0 和 1，连同它们的三种颜色，全成了红色通道。
# 形状只说每个轴多长，不说哪个数到了哪里。
# 另外两行都对：`permute(1, 0, 2, 3)` 先把 1 号轴换到 0 号轴前面，要读的人去数哪个轴是几号；`"b c h w -> c (b h) w"` 直接说出来。
# 这行字叫模式（pattern）：箭头左边给传入的每个轴起一个名字，右边写出结果的每个轴。
# 读法：左边四个名字，所以传入的张量必须有四个轴；右边三项，所以结果有三个轴：`c`、括号里合成的一个、`w`。
# 括号把几个轴合成一个，长度是它们的乘积，这里是 $6 \cdot 24 = 144$；括号里从慢写到快，写在最后的走得最快：`(b h)` 先走完一个数字的 `h` 行，才换下一个数字。
# 名字随你起，`"digit colour row column -> colour (digit row) column"` 是同一件事；模式说的只是轴，从不说数值。
# 右边各项的先后也由你定：`"b c h w -> (b h) w c"` 得到同样的一摞，形状是 $(144, 18, 3)$；许多画图的程序要颜色在最后，一个像素的三个数就挨在一起。
# 一对括号里放几个轴都行：`"b c h w -> (b h w) c"` 是一份像素清单，这里有 $6 \cdot 24 \cdot 18 = 2592$ 行，每行三种颜色。什么时候要它？把每个像素（而不是每张图）当作一个样本的时候：求每种颜色的平均，或者让模型一次只看一个像素。
# %% [markdown] lang="en"
# `reshape` raises no error, and the shape is right, but the picture isn't: it reads on in memory's order, and the first third, digits 0 and 1 with all three of their colours, becomes the red channel.
# A shape says how long each axis is, and not which number went where.
# The other two lines are right: `permute(1, 0, 2, 3)` moves axis 1 in front of axis 0, and the reader has to count which axis is which; `"b c h w -> c (b h) w"` says it.
# Such a line is a **pattern**: to the left of the arrow each axis of the input gets a name, and to the right is each axis of the result.
# Read it like this: there are four names on the left, so the input must have four axes; three items on the right, so the result has three: `c`, the one joined in brackets, and `w`.
# Brackets join axes into one, whose length is their product, here $6 \cdot 24 = 144$; within the brackets names are written from slow to fast, and the last runs fastest: `(b h)` goes through all `h` rows of one digit before the next digit begins.
# The names are yours, and `"digit colour row column -> colour (digit row) column"` is the same thing; a pattern speaks of axes only, never of values.
# You also choose the order on the right: `"b c h w -> (b h) w c"` makes the same pile with shape $(144, 18, 3)$; many programs that draw want the colour last, so that the three numbers of a pixel are neighbours.
# One pair of brackets may hold any number of axes: `"b c h w -> (b h w) c"` is a list of pixels, here $6 \cdot 24 \cdot 18 = 2592$ rows of three colours. You want it when each pixel, and not each picture, is one example: for the mean of each colour, or for a model that looks at one pixel at a time.
# %% [markdown] lang="zh"
# 用铅笔走一遍：两张小图，每张两行三列，装着 0 到 11，形状 `b h w` 是 $(2, 2, 3)$。
# 第 0 张是 $0, 1, 2$ 和 $3, 4, 5$，第 1 张是 $6, 7, 8$ 和 $9, 10, 11$。
# `b h w -> h (b w)` 把它们并排：新的列号是 $b \cdot 3 + w$，与上一课的步长是一个道理，`w` 加 1 走一格，`b` 加 1 跨三格。
# 第一行于是依次取 $b = 0$ 的三列，再取 $b = 1$ 的三列：$0, 1, 2, 6, 7, 8$。
# %% [markdown] lang="en"
# Follow it with a pencil: two small pictures of two rows and three columns hold 0 to 11, and `b h w` is $(2, 2, 3)$.
# Picture 0 is $0, 1, 2$ and $3, 4, 5$; picture 1 is $6, 7, 8$ and $9, 10, 11$.
# `b h w -> h (b w)` puts them side by side: the new column number is $b \cdot 3 + w$, as with the strides of the last lesson: when `w` grows by 1 you move one column, when `b` grows by 1, three.
# So the first row takes the three columns of $b = 0$, then the three of $b = 1$: $0, 1, 2, 6, 7, 8$.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_9"
# `(b w)` 和 `(w b)` 一样长。第一行写成 `(w b)` 是什么？还是同一幅图吗？写在纸上，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="puzzle_9"
# `(b w)` and `(w b)` are equally long. What is the first row with `(w b)`, and is it the same picture? Write it down, then run the next cell.
# %% [markdown] lang="zh" numbers="0 6 1 7 2 8" tags=["answer"]
# 是 $0, 6, 1, 7, 2, 8$：列号成了 $w \cdot 2 + b$，现在 `b` 走得快，每走一列就换一张图。
# 形状相同，数的位置不同：括号里的顺序不是写法上的讲究，它决定结果。
# %% [markdown] lang="en" numbers="0 6 1 7 2 8" tags=["answer"]
# It is $0, 6, 1, 7, 2, 8$: the column number is now $w \cdot 2 + b$, so `b` runs fast, and the picture changes at every column.
# The shape is the same and the numbers are in other places: the order in brackets isn't a matter of taste, it decides the result.
# %%
small = torch.arange(12.0).reshape(2, 2, 3)
if __name__ == "__main__":
    joined = {}
    for pattern in ("b h w -> h (b w)", "b h w -> h (w b)", "b h w -> (b h) w"):
        joined[pattern] = einops.rearrange(small, pattern)
        print(f"{pattern:18} {tuple(joined[pattern].shape)} first row", [int(v) for v in joined[pattern][0]])
    figures.joined(small, joined).show()

# %% [markdown] lang="zh"
# 两个形状相同，数的位置不同：`(w b)` 的列号是 $w \cdot 2 + b$，`b` 走得快，每走一列就换一张图。所以括号里的顺序不是写法上的讲究，它决定结果。
# 数的先后变没变，看模式就知道：不管括号和 `1`，只把名字从左到右念一遍。左右两边的先后相同，例如 `b h w -> (b h) w`，数从头到尾的顺序就不变，一个 `reshape` 就够；先后不同，例如 `h (b w)` 里 `h` 走到了 `b` 前面，数的顺序就变了，还得有 `permute`。开头那个错误正是这样：目标 `c (b h) w` 把 `c` 换到了前面，`reshape` 却做不了这件事。
# 顺序写错了，einops 看不出来；模式对不上，它当场报错：左边要与形状对得上，而且 `rearrange` 只重新排列，所以左右两边的名字必须一模一样，一个也不能少，一个也不能多。
# %% [markdown] lang="en"
# The same shape, but the numbers are in other places: with `(w b)` the column number is $w \cdot 2 + b$, so `b` runs fast, and the picture changes at every column. The order in brackets isn't a matter of taste: it decides the result.
# The pattern tells you whether the order of the numbers changes: forget brackets and `1`, and read only the names from left to right. If both sides have them in the same order, as in `b h w -> (b h) w`, the numbers follow each other as before, and a plain `reshape` does it. If the order differs, as in `h (b w)`, where `h` now comes before `b`, the order of the numbers changes, and that needs `permute`. That was the mistake at the start: the target `c (b h) w` brings `c` to the front, and `reshape` can't do that.
# einops can't see that an order is wrong, but it reports at once a pattern that doesn't match: the left side must match the shape. And since `rearrange` only rearranges, both sides must have exactly the same names: none missing, none added.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_1"
# `small` 的形状是 $(2, 2, 3)$。下一格有五个模式，哪几个报错？把 `h` 和 `w` 的名字弄反的那一个，报错吗？
# %% [markdown] lang="en" tags=["question"] see="puzzle_1"
# `small` has shape $(2, 2, 3)$. Which of the five patterns in the next cell are errors? Is the one that swaps the names of `h` and `w`?
# %% [markdown] lang="zh" tags=["answer"]
# 中间三个报错：轴数不对；右边少了 `w`；括号里不能再套括号，`(w b h)` 三个名字并列就够了。
# 名字弄反的那一个不报错，结果却不是你想的：einops 不知道哪个轴“真的”是高，名字的含义由你负责。
# 最后一个也不报错：右边的 `1` 添一个长度为 1 的轴，左边的 `1` 去掉一个。
# %% [markdown] lang="en" tags=["answer"]
# The three in the middle: a wrong number of axes; `w` missing on the right; brackets within brackets, where `(w b h)`, three names in a row, is enough.
# The one with swapped names is no error, and yet not what you meant: einops can't know which axis “really” is the height; what a name means is up to you.
# The last raises no error either: a `1` on the right adds an axis of length 1, a `1` on the left takes one away.
# %%
if __name__ == "__main__":
    for pattern in ("b w h -> b h w", "b h -> h b", "b h w -> h b", "b h w -> (w (b h))", "b h w -> b 1 h w"):
        try:
            print(f"{pattern:18} fine: {tuple(einops.rearrange(small, pattern).shape)}")
        except einops.EinopsError as error:
            print(f"{pattern:18} error:{str(error).splitlines()[-1]}")


# %% [markdown] lang="zh"
# 中间三个报错：轴的个数不对；右边少了 `w`；括号里又套了括号。第一个把 `h` 和 `w` 的名字弄反了，却不报错：einops 不知道哪个轴“真的”是高，名字的含义由你负责。
# 右边的 `1` 添一个长度为 1 的轴，左边的 `1` 去掉一个。
# %% [markdown] lang="en"
# The three in the middle are errors: a wrong number of axes, a `w` that is missing on the right, brackets within brackets. The first swaps the names of `h` and `w`, without an error: einops can't know which axis “really” is the height; what a name means is up to you.
# A `1` on the right adds an axis of length 1, a `1` on the left takes one away.
# %% [markdown] lang="zh"
# 下面是第一个谜题；十个谜题都给你一幅目标图，旁边（或下面）是你的图，还没写时是一片灰。
# 十个谜题有共同的约定：`digits` 总是六个数字、三种颜色；高和宽会变，总是偶数，所以不要把 24 和 18 写死；数值是任意浮点数，也可以是负的；结果的形状和每一个数都要与目标相同（求平均的谜题 6 和 8，舍入的差别不算）。
# 一个函数写一行就够；不过任何造得出这幅图的写法都算对，不用 einops 也行。
# %% [markdown] lang="en"
# Now the first puzzle; each of the ten shows you a target, and beside it (or below) your picture, which is grey until you write it.
# The same holds for all ten: `digits` always holds six digits in three colours; height and width vary, and are always even, so don't write 24 and 18 into your code; values are any floats, negative ones too; the shape and every single number must be those of the target (up to rounding in puzzles 6 and 8, which average).
# One line is enough for each, but any way of making the picture is right, also without einops.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 1：并排 · 5 分钟
# 六个数字从左到右排成一行，0 在最左边：`6 3 24 18` 变成 `3 24 108`。
# 与上面摞起来的那一行只差一处：现在 `b` 并进宽度。以后要把一批图片放在一起看，就可以这样拼。
# %% [markdown] lang="en"
# ### Exercise · puzzle 1: side by side · 5 min
# The six digits stand in one row, from left to right, with 0 on the left: `6 3 24 18` becomes `3 24 108`.
# It differs from the pile above in one place: `b` now goes into the width. Lay out pictures in this way when you want to look at several at once.
# %% exercise="puzzle_1" difficulty=1 importance=5 minutes=5
def puzzle_1(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 1."""
    # solution
    return einops.rearrange(digits, "b c h w -> c h (b w)")


if __name__ == "__main__":
    figures.puzzle(1, puzzle_1).show()
    tests.test_puzzle_1(puzzle_1)


# %% [markdown] lang="zh" tags=["hint"]
# 右边一共只有三个轴；哪两个轴要放进括号？
# %% [markdown] lang="en" tags=["hint"]
# There are only three axes on the right; which two go into the brackets?
# %% [markdown] lang="zh" tags=["hint"]
# 从左到右，先走完一个数字的 `w` 列，才换下一个数字：谁慢，谁写在前面？
# %% [markdown] lang="en" tags=["hint"]
# From left to right, all `w` columns of one digit come before the next digit begins: which axis is slow, and so is written first?
# %% [markdown] lang="zh"
# ## 2 · 拆开一个轴
# 括号也可以写在左边，那就是拆开：一个轴里藏着两个。六个数排成一行，也是两行三列。
# 拆开时 einops 只知道总长 6；长度用同名的参数告诉它，这里是 `rows=2`；一个括号里只可以有一个名字不给长度，它由除法得出，除不尽就报错。
# 拆与合是同一条规则反过来用：在 `(rows columns)` 里，`columns` 走得快，第 $i$ 个数满足 $i = \mathrm{row} \cdot 3 + \mathrm{column}$，所以第 4 个数（都从 0 数起）在第 1 行第 1 列。
# %% [markdown] lang="en"
# ## 2 · Splitting an axis
# Brackets may also be on the left, and then they split: one axis hides two. Six numbers in a row are also two rows of three.
# For a split, einops knows only the total, 6; you give lengths by arguments of the same names, here `rows=2`. In each pair of brackets one length, and not more, may be left out: einops finds it by division, and a remainder is an error.
# Splitting is the rule of joining, read backwards: in `(rows columns)`, `columns` runs fast, and number $i$ satisfies $i = \mathrm{row} \cdot 3 + \mathrm{column}$, so number 4 is in row 1, column 1, all counted from 0.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_2"
# 六个数 0 到 5，两个模式都给 `rows=2`：`(rows columns) -> rows columns` 和 `(columns rows) -> rows columns`。第 0 行各是哪三个数？
# 再猜：`rows=2` 的意思是“每行两个”吗？
# %% [markdown] lang="en" tags=["question"] see="puzzle_2"
# Of the six numbers 0 to 5, take `(rows columns) -> rows columns` and `(columns rows) -> rows columns`, both with `rows=2`. Which three numbers are in row 0 of each?
# And does `rows=2` mean “two in each row”?
# %% [markdown] lang="zh" numbers="0 1 2 3 4 5" tags=["answer"]
# 第一个是 $0, 1, 2$：列走得快，先填满一行。第二个是 $0, 2, 4$：行走得快，每个数都换一行，下面一行是 $1, 3, 5$。
# 不是：`rows=2` 是说 `rows` 这个轴长 2，也就是有两行，每行三个。
# %% [markdown] lang="en" numbers="0 1 2 3 4 5" tags=["answer"]
# The first has $0, 1, 2$: the columns run fast, so a row is filled first. The second has $0, 2, 4$: the rows run fast, so each number goes to the other row, and $1, 3, 5$ are below.
# No: `rows=2` says that the axis `rows` has length 2, so there are two rows, of three each.
# %%
if __name__ == "__main__":
    six, split = torch.arange(6.0), {}
    for pattern in ("(rows columns) -> rows columns", "(columns rows) -> rows columns"):
        split[pattern] = einops.rearrange(six, pattern, rows=2)
        print(f"{pattern:31}", split[pattern].int().tolist())
    long = einops.rearrange(small, "b h w -> h (b w)")  # joined as in section 1
    back = einops.rearrange(long, "h (b w) -> b h w", b=2)  # and split again
    print("there and back:", torch.equal(back, small))
    for pattern, lengths in (("(r c) -> r c", {}), ("(r c) -> r c", {"r": 4}), ("(r 2) -> r 2", {})):
        try:
            einops.rearrange(six, pattern, **lengths)  # ** hands over a dictionary as named arguments
        except einops.EinopsError as error:
            print(f"{pattern} with {lengths}:{str(error).splitlines()[-1]}")
    figures.split(six, split).show()


# %% [markdown] lang="zh"
# `rows=2` 说的是 `rows` 这个轴长 2，也就是有两行，不是每行两个。
# 最后三行是三种常见的错：没说长度；除不尽；在 `rearrange` 里把长度写成数字（那里只许写 1，别的长度要起名字，再用参数给出）。
# %% [markdown] lang="en"
# `rows=2` says that the axis `rows` has length 2: there are two rows, not two numbers in each.
# The last three lines are three common errors: no length given; a remainder; a length written as a number in `rearrange` (which allows only 1 there; give any other length a name, and its value as an argument).
# %% [markdown] lang="zh"
# ### 练习 · 三行两列 · 3 分钟
# 用 `torch.arange` 和 `einops.rearrange` 造出 `[[3, 4], [5, 6], [7, 8]]`，元素是 float32；测试会看这两个函数有没有被调用，不管先后。
# `torch.arange(a, b)` 从 a 数到 b，b 不算在内；两个都写成整数，得到的就是整数。
# %% [markdown] lang="en"
# ### Exercise · three rows, two columns · 3 min
# Make `[[3, 4], [5, 6], [7, 8]]` in float32 with `torch.arange` and `einops.rearrange`; the test checks that both are called, and not in which order.
# `torch.arange(a, b)` counts from a to b, without b; if both are written without a decimal point, the results are integers.
# %% exercise="rearrange_1" difficulty=1 importance=3 minutes=3
def rearrange_1() -> Float[Tensor, "3 2"]:
    """[[3, 4], [5, 6], [7, 8]], in float32."""
    # solution
    return einops.rearrange(torch.arange(3.0, 9), "(rows columns) -> rows columns", columns=2)


if __name__ == "__main__":
    tests.test_rearrange_1(rearrange_1)


# %% [markdown] lang="zh" tags=["hint"]
# 一共有几个数，从几到几？起点带小数点，结果就是浮点数；3 的右边是 4，所以哪个轴走得快？
# %% [markdown] lang="en" tags=["hint"]
# How many numbers are there, from which to which? A start with a decimal point gives floats; 4 is to the right of 3, so which axis runs fast?
# %% [markdown] lang="zh"
# ### 练习 · 两行三列 · 3 分钟
# 再来一次，同样的规矩：`[[1, 2, 3], [4, 5, 6]]`，float32，也用 `torch.arange` 和 `einops.rearrange`。
# %% [markdown] lang="en"
# ### Exercise · two rows, three columns · 3 min
# Once more, by the same rules: `[[1, 2, 3], [4, 5, 6]]` in float32, again by `torch.arange` and `einops.rearrange`.
# %% exercise="rearrange_2" difficulty=1 importance=3 minutes=3
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
# ### 练习 · 谜题 2：两行 · 8 分钟
# 一次调用里可以又拆又合。六个数字排成两行，像读一页书：上面一行是 0、1、2，下面一行是 3、4、5。
# `6 3 24 18` 变成 `3 48 54`：高度是两个数字，宽度是三个数字。拆出来的两个轴由你起名，例如 `b1` 和 `b2`。
# %% [markdown] lang="en"
# ### Exercise · puzzle 2: in two rows · 8 min
# One call may split and join. The six digits stand in two rows, in the order in which you read a page: 0, 1, 2 above, and 3, 4, 5 in the row below.
# `6 3 24 18` becomes `3 48 54`: two digits high and three digits wide. You name the two axes that you split, `b1` and `b2`, for instance.
# %% exercise="puzzle_2" difficulty=2 importance=4 minutes=8
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
# In the order in which you read a page: number = row × digits per row + column. Of the two axes you split, which is the row?
# %% [markdown] lang="zh" tags=["hint"]
# 把“行”并进高度，把“列”并进宽度；行数 `b1=2` 作为参数传入。
# %% [markdown] lang="en" tags=["hint"]
# Join the row to the height and the column to the width; the number of rows goes in as `b1=2`.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 3：两列 · 5 分钟
# 顺序变了：先从上到下读完左边一列 0、1、2，再读右边一列 3、4、5。`6 3 24 18` 变成 `3 72 36`。
# %% [markdown] lang="en"
# ### Exercise · puzzle 3: in two columns · 5 min
# Now the order is different: down the left column first, 0, 1, 2, then down the right one, 3, 4, 5. `6 3 24 18` becomes `3 72 36`.
# %% exercise="puzzle_3" difficulty=2 importance=3 minutes=5
def puzzle_3(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 3."""
    # solution
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b2 h) (b1 w)", b1=2)


if __name__ == "__main__":
    figures.puzzle(3, puzzle_3).show()
    tests.test_puzzle_3(puzzle_3)


# %% [markdown] lang="zh" tags=["hint"]
# 0 的下面是 1：拆开 `b` 以后，走得快的那个轴现在沿哪个方向走？
# %% [markdown] lang="en" tags=["hint"]
# 1 is below 0: once `b` is split into two axes, in which direction does the fast one now run?
# %% [markdown] lang="zh" tags=["hint"]
# 左边与谜题 2 一样；右边换另一个轴并进高度。哪个轴长 2，哪个轴长 3？
# %% [markdown] lang="en" tags=["hint"]
# The left side is that of puzzle 2; on the right the other of the two axes goes into the height. Which axis has length 2, which 3?
# %% [markdown] lang="zh" tags=["question"] see="puzzle_1"
# 用自己的话说：写出一个模式，把谜题 1 的长图 `c h (b w)` 变回六个数字；为什么这一次非给长度不可？再用 `torch.equal` 核对。
# 读物：“Einops tutorial, part 1: basics”，einops 官方教程（Alex Rogozhnikov，英文），用字母图片讲 `rearrange` 和下一节的 `reduce`、`repeat`；读完请回答：那里的哪些图，把高度和宽度也拆开了？
# %% [markdown] lang="en" tags=["question"] see="puzzle_1"
# Say it yourself: write the pattern that turns the long picture of puzzle 1, `c h (b w)`, back into six digits; why must a length be given this time? Check it by `torch.equal`.
# Reading: “Einops tutorial, part 1: basics”, the tutorial of einops itself (Alex Rogozhnikov, in English), uses pictures of letters to explain `rearrange` and, from our next section, `reduce` and `repeat`; then say: which of its examples split height and width as well?
# %% [markdown] lang="zh" tags=["answer"]
# `einops.rearrange(long, "c h (b w) -> b c h w", b=6)`：把箭头两边对调，就是反过来的操作。
# 合并时，两个长度 einops 都看得见；拆开时它只看见乘积 108，$6 \cdot 18$ 和 $4 \cdot 27$ 都可能。
# 教程里把图缩小、切成小块的那几幅都拆开了 `h` 和 `w`，与谜题 8 是同一个想法；把图放大的那一幅没有拆，它用 `repeat` 在括号里添了新的轴。
# %% [markdown] lang="en" tags=["answer"]
# `einops.rearrange(long, "c h (b w) -> b c h w", b=6)`: swap the two sides of the arrow, and you have the reverse.
# When it joins, einops sees both lengths; when it splits, it sees only the product, 108, which may be $6 \cdot 18$ or $4 \cdot 27$.
# In the tutorial, the examples that shrink pictures or cut them into small patches split `h` and `w`, which is the idea of puzzle 8. The one that enlarges a picture splits nothing: `repeat` adds new axes inside the brackets.
# %% [markdown] lang="zh"
# ## 3 · 重复与归约
# `rearrange` 里每个数恰好出现一次。要让一个数出现几次，用 `einops.repeat`；要把许多数变成一个，用 `einops.reduce`：一个添轴，一个去轴。
# `repeat`：右边有、左边没有的轴是新的，数就沿着它重复；新轴的长度用参数给出，也可以直接写成数字。左边的名字，右边一个也不能少。
# `reduce`：左边有、右边没有的轴，被归约掉；第三个参数说怎样归约：`"mean"`、`"sum"`、`"min"`、`"max"`、`"prod"`（相乘）。只在右边出现的名字，在这里是错误：`reduce` 不会添有名字的新轴，那是 `repeat` 的事。
# 两个都能同时做别的事：右边照样可以换顺序、用括号合并。
# %% [markdown] lang="en"
# ## 3 · Repeat and reduce
# In `rearrange` each number appears exactly once. To let a number appear several times, use `einops.repeat`; to turn many numbers into one, use `einops.reduce`: one adds axes, the other removes them.
# `repeat`: an axis that is on the right and not on the left is new, and along it numbers are repeated; its length is an argument, or a number in the pattern itself. Every name on the left must stay on the right.
# `reduce`: an axis that is on the left and missing on the right is reduced; the third argument says how: `"mean"`, `"sum"`, `"min"`, `"max"`, `"prod"` (the product). A name that is only on the right is an error here: `reduce` never adds an axis with a name; that is the work of `repeat`.
# Both can do more at the same time: the right side may change the order, and join by brackets, as before.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_4"
# 一行两个数 $1, 2$。`w -> (w 3)` 和 `w -> (3 w)` 各得到什么？`w -> 3 w` 呢？写在纸上，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="puzzle_4"
# A row holds $1, 2$. What do `w -> (w 3)` and `w -> (3 w)` give, and what `w -> 3 w`? Write it down, then run the next cell.
# %% [markdown] lang="zh" numbers="1 2" tags=["answer"]
# `(w 3)`：新轴走得快，每个数先来三遍，$1, 1, 1, 2, 2, 2$。
# `(3 w)`：新轴走得慢，整行来三遍，$1, 2, 1, 2, 1, 2$。
# `3 w` 没有括号，所以是三行，每行 $1, 2$。很多人把前两个弄反：只要记住写在后面的走得快，就不必死记。
# %% [markdown] lang="en" numbers="1 2" tags=["answer"]
# `(w 3)`: the new axis runs fast, and each number comes three times first, $1, 1, 1, 2, 2, 2$.
# `(3 w)`: the new axis runs slowly, and the whole row comes three times, $1, 2, 1, 2, 1, 2$.
# `3 w` has no brackets, so there are three rows of $1, 2$. The first two are often confused; only remember that the last name runs fast.
# %%
if __name__ == "__main__":
    pair, repeated = torch.tensor([1.0, 2]), {}
    for pattern in ("w -> (w 3)", "w -> (3 w)", "w -> 3 w"):
        repeated[pattern] = einops.repeat(pair, pattern)
        print(f"{pattern:10}", repeated[pattern].int().tolist())
    print("by a name: ", einops.repeat(pair, "w -> (w times)", times=3).int().tolist())
    figures.repeated(pair, repeated).show()

# %% [markdown] lang="zh" numbers="3 4 6 5 11"
# 不用背，还是那条规则：写在后面的走得快。`(w 3)` 里新轴走得快，每个数先来三遍，才轮到下一个；`(3 w)` 里新轴走得慢，整行来三遍。
# 再看归约，用第 1 节的两张小图。
# `b h w -> h w` 里缺 `b`：两张图对应的格子取平均，左上角是 $(0 + 6)/2 = 3$，它右边是 $(1 + 7)/2 = 4$，它下面是 $(3 + 9)/2 = 6$。
# `b h w -> b` 里缺 `h` 和 `w`：每张图只剩一个数；取最大值就是 5 和 11。
# 右边什么也不写，`b h w ->`，所有的轴都归约掉，剩下没有轴的一个数。
# 右边写 `1`，就像 `keepdim=True` 那样留住那个位置：用 `"mean"`，`b h w -> b h 1` 给出每一行的平均，形状 $(2, 2, 1)$，能与 `b h w` 广播；减去它，第一行 $0, 1, 2$ 成了 $-1, 0, 1$，不用先重复。
# 与 `x.mean(dim=0)` 相比，你写的是留下什么，而不是消失的那个轴是几号。
# %% [markdown] lang="en" numbers="3 4 6 5 11"
# The rule is the old one: the last name runs fast. In `(w 3)` the new axis is fast, so each number comes three times before the next one; in `(3 w)` it is slow, so the whole row comes three times.
# Now reductions, on the two small pictures of section 1.
# In `b h w -> h w` the missing axis is `b`: cells of the two pictures in the same place are averaged; the upper left one is $(0 + 6)/2 = 3$, to its right is $(1 + 7)/2 = 4$, and below it $(3 + 9)/2 = 6$.
# In `b h w -> b` both `h` and `w` are missing: of each picture one number is left, and with the maximum these are 5 and 11.
# With nothing on the right, `b h w ->`, all axes are reduced, and one number without axes is left.
# A `1` on the right keeps the place of an axis, as `keepdim=True` does: with `"mean"`, `b h w -> b h 1` gives the mean of each row, with shape $(2, 2, 1)$, which broadcasts against `b h w`; subtract it, and the first row, $0, 1, 2$, becomes $-1, 0, 1$, without repeating anything.
# Compared with `x.mean(dim=0)`, you write what stays, and not the number of the axis that vanishes.
# %%
if __name__ == "__main__":
    reduced = {pattern: einops.reduce(small, pattern, "mean") for pattern in ("b h w -> h w", "b h w -> b")}
    print("b h w -> h w, mean:", reduced["b h w -> h w"].int().tolist())
    print("b h w -> b, max:", einops.reduce(small, "b h w -> b", "max").int().tolist())
    total = einops.reduce(small, "b h w ->", "sum")
    print("b h w ->, sum:", total.item(), "axes:", total.ndim)
    kept = einops.reduce(small, "b h w -> b h 1", "mean")
    print("b h w -> b h 1:", tuple(kept.shape), "subtracted, first row:", (small - kept)[0, 0].int().tolist())
    print("reduced and joined at once:", einops.reduce(small, "b h w -> (w h)", "mean").int().tolist())
    figures.reduced(small, reduced).show()

# %% [markdown] lang="zh" tags=["question"] see="puzzle_5"
# 先 `repeat` 再 `reduce`，能回到原来的数吗？`w -> (w 3)` 之后接 `(w 3) -> w`，五种归约里，哪几种把 $1, 2$ 还给你？反过来先归约再重复呢？
# %% [markdown] lang="en" tags=["question"] see="puzzle_5"
# Does `repeat` followed by `reduce` lead back? After `w -> (w 3)` comes `(w 3) -> w`: which of the five reductions give you $1, 2$ again? And what if you reduce first and then repeat?
# %% [markdown] lang="zh" numbers="3 6 1 8" tags=["answer"]
# `"mean"`、`"min"`、`"max"` 都还：三个相同的数，平均、最小、最大都是它自己。
# `"sum"` 给出 3 和 6，`"prod"` 给出 1 和 8。
# 先归约再重复就回不去了，除非一组里的数本来就相同：归约丢掉了差别，重复只能抄写剩下的。
# 顺便看到：`reduce` 的左边可以写括号和数字，`(w 3)` 是说每三个一组。
# %% [markdown] lang="en" numbers="3 6 1 8" tags=["answer"]
# `"mean"`, `"min"` and `"max"` do: of three equal numbers the mean, the smallest and the largest are that number.
# `"sum"` gives 3 and 6, `"prod"` gives 1 and 8.
# Reducing first doesn't lead back, unless the numbers of a group were equal: reducing loses the differences, and repeating can only copy what is left.
# By the way, `reduce` allows brackets with numbers on its left: `(w 3)` means in groups of three.
# %%
if __name__ == "__main__":
    tripled = einops.repeat(pair, "w -> (w 3)")
    for how in ("mean", "min", "max", "sum", "prod"):
        print(f"{how:5}", einops.reduce(tripled, "(w 3) -> w", how).int().tolist())
    try:
        einops.reduce(torch.arange(6), "(w 3) -> w", "mean")
    except NotImplementedError as error:
        print("whole numbers:", error)  # so: digits.float() first


# %% [markdown] lang="zh"
# 重复之后再归约，平均、最小、最大都能回到原来的数；先归约再重复，一般就回不去，因为归约丢掉了差别。
# 注意两处写法：`reduce` 的左边、`repeat` 的右边可以直接写数字，`rearrange` 只许写 1；整数没有 `"mean"`，先用 `.float()` 变成浮点数。
# %% [markdown] lang="en"
# After repeating, the mean, the smallest and the largest lead back to the old numbers; if you reduce first and then repeat, you usually don't get them back, because a reduction loses the differences.
# Note two things about the writing: `reduce` allows numbers on its left and `repeat` on its right, `rearrange` allows only 1; and integers have no `"mean"`: turn them into floats by `.float()` first.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 4：拉高与重复 · 8 分钟
# 只用第一个数字 `digits[0]`，形状 `c h w`。
# 竖着拉高一倍：每一行像素紧接着再来一遍。横着重复三次：*整幅图*来三遍，不是每个像素来三遍。
# `6 3 24 18` 变成 `3 48 54`。
# %% [markdown] lang="en"
# ### Exercise · puzzle 4: stretched and repeated · 8 min
# Use the first digit only, `digits[0]`, of shape `c h w`.
# It is stretched to twice its height: each row of pixels is followed at once by a copy of itself. From left to right it is repeated three times: the *whole picture* comes three times, and not each pixel.
# `6 3 24 18` becomes `3 48 54`.
# %% exercise="puzzle_4" difficulty=3 importance=4 minutes=8
def puzzle_4(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 4."""
    # solution
    return einops.repeat(digits[0], "c h w -> c (h 2) (3 w)")


if __name__ == "__main__":
    figures.puzzle(4, puzzle_4).show()
    tests.test_puzzle_4(puzzle_4)


# %% [markdown] lang="zh" tags=["hint"]
# 每一行像素紧接着又出现一次：新轴比 `h` 快还是慢？
# %% [markdown] lang="en" tags=["hint"]
# Each row of pixels is followed at once by its copy: is the new axis faster than `h`, or slower?
# %% [markdown] lang="zh" tags=["hint"]
# 横向是整幅图重复三次：`3` 在 `w` 的哪一边？两个数字都可以直接写在 `einops.repeat` 的括号里。
# %% [markdown] lang="en" tags=["hint"]
# From left to right, the whole picture comes three times: on which side of `w` is the `3`? Both numbers may stand in the brackets of `einops.repeat`.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 5：叠在一起 · 3 分钟
# 六个数字叠在一张纸上：白是 1，墨迹的值更小，所以每个位置、*每个通道*，各自留下六张里最小的值；`6 3 24 18` 变成 `3 24 18`。
# 因为三个通道各取各的，重叠处会出现哪张图里都没有的颜色。
# %% [markdown] lang="en"
# ### Exercise · puzzle 5: on one sheet · 3 min
# All six lie on one sheet. White is 1, and ink has smaller values, so at each place, and *in each channel* by itself, the smallest of the six values is kept; `6 3 24 18` becomes `3 24 18`.
# As the three channels are taken separately, overlaps may have colours that none of the pictures has.
# %% exercise="puzzle_5" difficulty=2 importance=4 minutes=3
def puzzle_5(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 5."""
    # solution
    return einops.reduce(digits, "b c h w -> c h w", "min")


if __name__ == "__main__":
    figures.puzzle(5, puzzle_5).show()
    tests.test_puzzle_5(puzzle_5)


# %% [markdown] lang="zh" tags=["hint"]
# 比较目标和材料的形状：哪个轴不见了？
# %% [markdown] lang="en" tags=["hint"]
# Compare the shapes of the target and the material: which axis is gone?
# %% [markdown] lang="zh" tags=["hint"]
# 右边不写那个轴，`einops.reduce` 就把它归约掉；第三个参数说怎样归约。
# %% [markdown] lang="en" tags=["hint"]
# Leave that axis out on the right, and `einops.reduce` reduces it; the third argument says how.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 6：去掉颜色 · 5 分钟
# 像谜题 1 那样并排，但没有颜色：每个像素的灰度是它三个通道的平均，三个通道一样重。
# 结果只有两个轴，行和列，没有通道轴：`6 3 24 18` 变成 `24 108`。归约和合并可以一步完成。
# %% [markdown] lang="en"
# ### Exercise · puzzle 6: without colour · 5 min
# Side by side as in puzzle 1, but without colour: the grey of a pixel is the mean of its three channels, all of equal weight.
# The result has two axes only, rows and columns, and no axis for channels: `6 3 24 18` becomes `24 108`. You can reduce and join in one step.
# %% exercise="puzzle_6" difficulty=2 importance=4 minutes=5
def puzzle_6(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "rows columns"]:
    """The picture of target 6."""
    # solution
    return einops.reduce(digits, "b c h w -> h (b w)", "mean")


if __name__ == "__main__":
    figures.puzzle(6, puzzle_6).show()
    tests.test_puzzle_6(puzzle_6)


# %% [markdown] lang="zh" tags=["hint"]
# 四个轴里，哪一个被平均掉，哪两个合成一个？
# %% [markdown] lang="en" tags=["hint"]
# Of the four axes, which one is averaged away, and which two are joined?
# %% [markdown] lang="zh" tags=["hint"]
# 右边只有两项：`c` 不再出现，`b` 和 `w` 在同一个括号里。
# %% [markdown] lang="en" tags=["hint"]
# There are only two items on the right: `c` isn't there any more, and `b` and `w` share one pair of brackets.
# %% [markdown] lang="zh"
# ## 4 · 合起来用
# 剩下四个谜题没有新规则。每个都先回答三个问题：结果有几个轴？哪些轴拆开，哪些合并？每个括号里，谁走得快？
# %% [markdown] lang="en"
# ## 4 · All of it together
# The last four puzzles need no new rule. For each, answer three questions first: how many axes has the result? Which are split, and which joined? And in each pair of brackets, which runs fast?
# %% [markdown] lang="zh"
# ### 练习 · 谜题 7：沿对角线翻转 · 5 分钟
# 每个数字自己的行变成列，列变成行（也就是转置），再从左到右并排：`6 3 24 18` 变成 `3 18 144`。这不是转四分之一圈：转圈还要把一个轴倒过来，模式做不到（第 8 节）。
# %% [markdown] lang="en"
# ### Exercise · puzzle 7: mirrored in the diagonal · 5 min
# Within each digit rows become columns and columns become rows (a transpose); then they stand side by side, from left to right: `6 3 24 18` becomes `3 18 144`. This is not a quarter turn: for that, one axis must also be reversed, which no pattern can do (section 8).
# %% exercise="puzzle_7" difficulty=2 importance=3 minutes=5
def puzzle_7(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 7."""
    # solution
    return einops.rearrange(digits, "b c h w -> c w (b h)")


if __name__ == "__main__":
    figures.puzzle(7, puzzle_7).show()
    tests.test_puzzle_7(puzzle_7)


# %% [markdown] lang="zh" tags=["hint"]
# 看形状：现在的高度是原来的哪个轴？
# %% [markdown] lang="en" tags=["hint"]
# Look at the shape: which of the old axes is the height now?
# %% [markdown] lang="zh" tags=["hint"]
# 高度是原来的 `w`；剩下的 `h` 和 `b` 一起组成宽度，一个数字走完才换下一个。
# %% [markdown] lang="en" tags=["hint"]
# The height is what `w` was; the `h` that is left makes the width together with `b`, and one digit ends before the next begins.
# %% [markdown] lang="zh"
# ### 平均池化
# 把图缩小一半的办法：切成一个挨一个的 $2 \times 2$ 的方块，每块换成它的平均，这叫平均池化（average pooling）。
# 先看一行：$1, 3, 5, 9$，两个一组取平均，得到 $2, 7$。
# 同一组的两个数紧挨着，所以组内的轴走得快，写在后面：`(w 2) -> w`；写成 `(2 w) -> w`，平均的就是相隔半行的数：$(1 + 5)/2 = 3$ 和 $(3 + 9)/2 = 6$。
# %% [markdown] lang="en"
# ### Average pooling
# To shrink a picture to half its size, cut it into blocks of $2 \times 2$, side by side, and put the mean in place of each block: that is **average pooling**.
# One row first: $1, 3, 5, 9$, averaged in groups of two, gives $2, 7$.
# The two numbers of a group are neighbours, so the axis within a group runs fast and comes last: `(w 2) -> w`; with `(2 w) -> w` you would average numbers half a row apart: $(1 + 5)/2 = 3$ and $(3 + 9)/2 = 6$.
# %%
if __name__ == "__main__":
    row = torch.tensor([1.0, 3, 5, 9])
    for pattern in ("(w 2) -> w", "(2 w) -> w"):
        print(f"{pattern:11}", einops.reduce(row, pattern, "mean").int().tolist())


# %% [markdown] lang="zh"
# ### 练习 · 谜题 8：缩小一半 · 10 分钟
# 平均池化，两个方向都缩：每 $2 \times 2$ 个像素变成它们的平均，每个通道各算各的，再并排；`6 3 24 18` 变成 `3 12 54`。
# 第 2 天在 `part2_resnets` 里写最大池化：每一块留下最大的数，而不是平均；那个网络的末尾又用整张图的平均，每个通道各算各的：`b c h w -> b c`，叫全局平均池化（global average pooling）。
# 这里高和宽总是偶数；边长是奇数时这样切不出整块，einops 会报错，与每次拆开一样。
# %% [markdown] lang="en"
# ### Exercise · puzzle 8: half the size · 10 min
# Average pooling in both directions: each block of $2 \times 2$ pixels becomes its mean, in each channel by itself, and then they stand side by side; `6 3 24 18` becomes `3 12 54`.
# On day 2, in `part2_resnets`, you write max pooling, which keeps the largest number of each block and not the mean; the network there ends with the mean of each whole picture, in each channel by itself: `b c h w -> b c`, called global average pooling.
# Height and width are even here; an odd length can't be cut into such blocks, and einops raises an error, as in every split.
# %% exercise="puzzle_8" difficulty=3 importance=5 minutes=10
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
# 同一块的两行紧挨着，所以块内的轴写在后面；右边不写块内的两个轴，它们就被平均了。
# %% [markdown] lang="en" tags=["hint"]
# The two rows of a block are neighbours, so the axis within it comes last; the two axes within blocks are left out on the right, and so averaged.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 9：编织 · 3 分钟
# 六个数字的列交错排开：先是每个数字的第 0 列，再是每个数字的第 1 列，依此类推；形状与谜题 1 相同，`3 24 108`。
# %% [markdown] lang="en"
# ### Exercise · puzzle 9: woven · 3 min
# The columns of the six digits alternate: column 0 of each, then column 1 of each, and so on; the shape is that of puzzle 1, `3 24 108`.
# %% exercise="puzzle_9" difficulty=3 importance=3 minutes=3
def puzzle_9(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 9."""
    # solution
    return einops.rearrange(digits, "b c h w -> c h (w b)")


if __name__ == "__main__":
    figures.puzzle(9, puzzle_9).show()
    tests.test_puzzle_9(puzzle_9)


# %% [markdown] lang="zh" tags=["hint"]
# 向右走一列，换的是什么：列号，还是数字？
# %% [markdown] lang="en" tags=["hint"]
# When you go one column to the right, what changes: the column of a digit, or the digit?
# %% [markdown] lang="zh" tags=["hint"]
# 与谜题 1 只差括号里的顺序；第 1 节的图里有一幅就是这样排的。
# %% [markdown] lang="en" tags=["hint"]
# It differs from puzzle 1 only by the order in the brackets; the drawing of section 1 has one of this kind.
# %% [markdown] lang="zh"
# ### 练习 · 谜题 10：拦腰切开 · 10 分钟
# 每个数字拦腰切成上下两半，高度只剩一半；先排六个上半身，再排六个下半身，全都在一行里：`6 3 24 18` 变成 `3 12 216`。
# 括号里可以有三个名字，规则不变：从慢写到快，就像时、分、秒。
# %% [markdown] lang="en"
# ### Exercise · puzzle 10: cut across · 10 min
# Each digit is cut across the middle into an upper and a lower half, so the height is halved; first come the six upper halves, then the six lower ones, all in one row: `6 3 24 18` becomes `3 12 216`.
# Brackets may hold three names, by the same rule: from slow to fast, like hours, minutes and seconds.
# %% exercise="puzzle_10" difficulty=4 importance=3 minutes=10
def puzzle_10(digits: Float[Tensor, "b c h w"]) -> Float[Tensor, "c rows columns"]:
    """The picture of target 10."""
    # solution
    return einops.rearrange(digits, "b c (half h) w -> c h (half b w)", half=2)


if __name__ == "__main__":
    figures.puzzle(10, puzzle_10).show()
    tests.test_puzzle_10(puzzle_10)


# %% [markdown] lang="zh" tags=["hint"]
# 左边要把高度拆成“哪一半”和“半身里的第几行”：哪个走得慢？
# %% [markdown] lang="en" tags=["hint"]
# On the left the height is split into which half and which row of that half: which of the two runs slowly?
# %% [markdown] lang="zh" tags=["hint"]
# 宽度由三个轴组成，从最慢写到最快：半身、数字、列。
# %% [markdown] lang="en" tags=["hint"]
# Three axes make the width, from the slowest to the fastest: half, digit, column.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_10"
# 不写代码，只看模式：`b c (half h) w -> c (half h) (b w)`，`half=2`，会得到什么？再运行一次来核对。
# %% [markdown] lang="en" tags=["question"] see="puzzle_10"
# Don't write code, only look at the pattern: what does `b c (half h) w -> c (half h) (b w)` with `half=2` give? Then run it and check.
# %% [markdown] lang="zh" tags=["answer"]
# 谜题 1：左边拆开 `(half h)`，右边又按同样的顺序合上，等于没拆。
# 右边换成 `(h half)` 就不一样了：行会交错，上半身的一行后面跟着下半身的一行。
# %% [markdown] lang="en" tags=["answer"]
# Puzzle 1: `(half h)` is split on the left and joined on the right in the same order, as if nothing had been done.
# With `(h half)` on the right it would differ: a row of the upper half would be followed by one of the lower half.
# %% [markdown] lang="zh"
# ## 5 · 温度：一个轴里藏着两个
# 前面的轴都是图片的；einops 不挑数据。28 天的气温是一个轴，也是 4 周，每周 7 天。
# 三个练习是一条线：每周的平均；每一天离本周的平均多远；再除以本周的波动大小。
# 最后一步叫标准化：做完以后，每个数说的是“这一天比本周的平均高或低几个标准差”，与温度原来用什么单位无关；以后你会在批归一化里再见到它。
# %% [markdown] lang="en"
# ## 5 · Temperatures: one axis hides two
# So far all axes were those of pictures; einops takes any data. The temperatures of 28 days are one axis, and also 4 weeks of 7 days.
# Three exercises build on one another: the mean of each week; how far each day is from the mean of its week; and that difference divided by how much the week varies.
# The last step is to standardise: each number then says how many standard deviations a day is above or below the mean of its week, whatever the unit of the temperatures was; you meet it again in batch normalisation.
# %% [markdown] lang="zh" numbers="4 20 15 3.873"
# 用两周来手算。第一周是 1 到 7，平均 4；第二周是 $20, 20, 17, 23, 26, 20, 14$，平均 20。
# 离平均的差：第二周是 $0, 0, -3, 3, 6, 0, -6$；一周的差加起来总是 0。
# 标准差（standard deviation）是差的平方取平均，再开方。这里用无偏的那一种：平方和 90 除以 6，不是除以 7，得方差 15，开方是 3.873。
# 为什么是 6？七个差加起来必须是 0，知道六个就知道第七个；除以 7 的那种叫有偏的，平均说来会偏小。严格说，“无偏”指的是方差 15，开方以后平均说来仍略微偏小；不过它习惯上也叫无偏标准差。
# 数越少，两种差得越多；这里 NumPy 的 `std` 默认除以 7，PyTorch 的默认除以 6，所以要说清用的是哪一种。
# `einops.reduce` 的第三个参数也可以是函数，einops 把张量和要归约的轴交给它；`torch.std` 正好合用，默认就是无偏的。
# 要把 4 和 20 从各自那一周的每一天里减去，得让它们各出现 7 次；或者把轴拆成 `weeks days`，平均那里留一个 `1` 来广播，减完再合并。
# %% [markdown] lang="en" numbers="4 20 15 3.873"
# By hand, with two weeks. The first is 1 to 7, with mean 4; the second $20, 20, 17, 23, 26, 20, 14$, with mean 20.
# The differences from the mean are $0, 0, -3, 3, 6, 0, -6$ in the second week; those of a week always add up to 0.
# The standard deviation is the root of the mean of their squares. Here it is the unbiased one: the sum of squares, 90, is divided by 6 and not by 7, which gives the variance, 15, and its root is 3.873.
# Why 6? The seven differences must add up to 0, so six of them tell the seventh; the one divided by 7 is called biased: it is too small on average. Strictly, only the variance, 15, is unbiased; its root is still slightly too small on average, but is called unbiased, too.
# The fewer the numbers, the more the two differ; here, NumPy's `std` divides by 7 by default, and PyTorch's by 6, so say which one you mean.
# The third argument of `einops.reduce` may be a function, too, which gets the tensor and the axes to reduce; `torch.std` fits, and is unbiased by default.
# To subtract 4 and 20 from each day of their weeks, let each appear 7 times; or split the axis into `weeks days`, keep a `1` in the means to broadcast, and join again after the subtraction.
# %% [markdown] lang="zh" tags=["question"] see="temperatures_differences"
# 平均是 $4, 20$。要与 14 天逐日相减，该写 `weeks -> (weeks 7)` 还是 `weeks -> (7 weeks)`？写错了会报错吗？
# %% [markdown] lang="en" tags=["question"] see="temperatures_differences"
# The means are $4, 20$. To subtract them day by day from 14 days, is it `weeks -> (weeks 7)` or `weeks -> (7 weeks)`? Would the wrong one raise an error?
# %% [markdown] lang="zh" tags=["answer"]
# `(weeks 7)`：同一周的 7 天紧挨着，走得快，写在后面。
# 写错了不报错，都是 14 个数；只是 4 和 20 一天一换，第一周的第二天就减去了第二周的平均。
# 所以下一格看另一样东西：每一周的差加起来是不是 0。
# %% [markdown] lang="en" tags=["answer"]
# `(weeks 7)`: the 7 days of a week are neighbours, run fast, and come last.
# The wrong one raises no error, since both have 14 numbers; but with it 4 and 20 alternate from day to day: on day two of week one, the mean of week two is subtracted.
# So the next cell looks at something else: whether the differences of each week add up to 0.
# %%
def four_weeks() -> Float[Tensor, " days"]:
    """Made-up temperatures of 28 days of spring, in degrees Celsius."""
    generator = torch.Generator().manual_seed(3)  # the same random numbers in every run
    # linspace: 28 numbers at equal distances from 9 to 17; randn: random numbers around 0, most of them between -2 and 2
    return torch.linspace(9, 17, 28) + 2 * torch.randn(28, generator=generator)


if __name__ == "__main__":
    days = torch.tensor([1.0, 2, 3, 4, 5, 6, 7, 20, 20, 17, 23, 26, 20, 14])
    week_2 = days[7:] - 20
    print("means of both weeks:", [days[:7].mean().item(), days[7:].mean().item()])
    print("week 2, squares over 6:", (week_2.square().sum() / 6).item(), f"root {days[7:].std():.3f}")
    means = torch.tensor([4.0, 20])
    for pattern in ("weeks -> (weeks 7)", "weeks -> (7 weeks)"):
        wrong_or_right = days - einops.repeat(means, pattern)
        print(f"{pattern}: week 1 adds up to {wrong_or_right[:7].sum():g}")


# %% [markdown] lang="zh" numbers="0 -48"
# 写成 `(7 weeks)` 也是 14 个数，形状没错，所以不报错；只是 4 和 20 一天一换，第一周有三天减掉的是第二周的平均。
# 露出马脚的是另一样东西：一周的差加起来该是 0，它却是 -48。形状查不出的错，要靠一个已知的数来查。
# %% [markdown] lang="en" numbers="0 -48"
# `(7 weeks)` has 14 numbers as well, so the shape is right and there is no error; but 4 and 20 alternate from day to day, so on three days of week one, the mean of week two is subtracted.
# Something else shows the mistake: the differences of a week should add up to 0, and here the sum is -48. What a shape can't show, a known number can.
# %% [markdown] lang="zh"
# ### 练习 · 每周的平均 · 5 分钟
# 每 7 天一个数，第 0 到 6 天是第一周：上面的 14 天给出 $4, 20$。
# 天数不是 7 的倍数就要报错，哪一种错误都行，不许悄悄丢掉剩下的几天。
# %% [markdown] lang="en"
# ### Exercise · the average of each week · 5 min
# One number per 7 days, and days 0 to 6 are the first week: the 14 days above give $4, 20$.
# If the number of days is not a multiple of 7, raise an error, of any kind; don't silently drop the days that are left over.
# %% exercise="temperatures_average" difficulty=2 importance=4 minutes=5
def temperatures_average(temps: Float[Tensor, " days"]) -> Float[Tensor, " weeks"]:
    """The mean of each week of 7 days; days that make no whole week are an error (of any kind: einops raises its own)."""
    # solution
    return einops.reduce(temps, "(weeks 7) -> weeks", "mean")


if __name__ == "__main__":
    if tests.test_temperatures_average(temperatures_average):
        figures.weeks(four_weeks(), temperatures_average(four_weeks())).show()


# %% [markdown] lang="zh" tags=["hint"]
# 一个轴里藏着哪两个轴？哪一个走得快？
# %% [markdown] lang="en" tags=["hint"]
# Which two axes hide in the one, and which of them runs fast?
# %% [markdown] lang="zh" tags=["hint"]
# 与第 4 节的一行 $1, 3, 5, 9$ 是同一个模式，只是一组有 7 个；除不尽时，einops 自己会报错。
# %% [markdown] lang="en" tags=["hint"]
# It is the pattern for the row $1, 3, 5, 9$ of section 4, with 7 in a group; where there is a remainder, einops raises an error by itself.
# %% [markdown] lang="zh"
# ### 练习 · 与本周平均的差 · 8 分钟
# 每一天减去它那一周的平均；结果仍是每天一个数，一个轴：上面的 14 天给出 $-3, -2, \ldots, 3$，接着是 $0, 0, -3, 3, 6, 0, -6$。
# 天数总是 7 的倍数，可以调用上一个练习的函数。
# %% [markdown] lang="en"
# ### Exercise · away from the week's average · 8 min
# From each day subtract the mean of its week; there is still one number per day, on one axis: the 14 days above give $-3, -2, \ldots, 3$ and then $0, 0, -3, 3, 6, 0, -6$.
# The number of days is always a multiple of 7, and you may call the function of the last exercise.
# %% exercise="temperatures_differences" difficulty=2 importance=4 minutes=8
def temperatures_differences(temps: Float[Tensor, " days"]) -> Float[Tensor, " days"]:
    """Each day's temperature minus the mean of its week."""
    # solution
    return temps - einops.repeat(temperatures_average(temps), "weeks -> (weeks 7)")


if __name__ == "__main__":
    if tests.test_temperatures_differences(temperatures_differences):
        sums = einops.reduce(temperatures_differences(four_weeks()), "(weeks 7) -> weeks", "sum")
        print("the differences of each week add up to", sums.abs().round(decimals=4))


# %% [markdown] lang="zh" tags=["hint"]
# 平均每周一个，天却每天一个：哪个函数让一个数出现几次？
# %% [markdown] lang="en" tags=["hint"]
# There is one mean per week and one number per day: which function lets a number appear several times?
# %% [markdown] lang="zh" tags=["hint"]
# 用 `einops.repeat` 让每个平均值连续出现 7 次，再相减；上一格说明了 7 写在哪一边。
# %% [markdown] lang="en" tags=["hint"]
# With `einops.repeat` each mean appears 7 times in a row, then subtract; the cell above showed on which side the 7 is.
# %% [markdown] lang="zh"
# ### 练习 · 标准化 · 8 分钟
# 每一天减去本周的平均，再除以*本周*的无偏标准差（平方和除以 6，再开方）：上面的第 10 天（从 0 数起，值是 23）得到 $3/3.873 = 0.775$。
# 温度很高（两千度）或变化很小（百万分之一度）时也要算得准，所以先减去平均，再平方。
# 算完以后，每周的平均是 0，无偏标准差是 1。
# 两种情形得不出有意义的数。七天全相等，标准差是 0，$0/0$ 得 `nan`；要是平均值带着舍入误差，例如 float32 的七个 20.3，得到的是误差除以误差，也说明不了什么。假如一周只有一天，除数是 $1 - 1 = 0$，标准差本身就是 `nan`，PyTorch 还会警告。这两种都不会用来测试；六天相等、一天不同的一周会，要算对。
# %% [markdown] lang="en"
# ### Exercise · standardised · 8 min
# From each day subtract its week's mean, and divide by the unbiased standard deviation *of that week* (the root of the sum of squares over 6): day 10 above (counted from 0, with value 23) gives $3/3.873 = 0.775$.
# It must stay right for high temperatures (two thousand degrees) and for tiny changes (a millionth of a degree), so subtract the mean first, and then square.
# Afterwards each week has mean 0 and unbiased standard deviation 1.
# Two cases give nothing useful. Seven equal days have deviation 0, and $0/0$ is `nan`; if the mean has a rounding error, as with seven times 20.3 in float32, you get one error over another. And if a week were one day long, the divisor would be $1 - 1 = 0$ and the deviation itself `nan`, with a warning from PyTorch. Neither case is tested; a week with six equal days and one different day is.
# %% exercise="temperatures_normalized" difficulty=3 importance=4 minutes=8
def temperatures_normalized(temps: Float[Tensor, " days"]) -> Float[Tensor, " days"]:
    """Each day minus the mean of its week, over the week's unbiased standard deviation; 7 equal days have none."""
    # solution
    deviation = einops.reduce(temps, "(weeks 7) -> weeks", torch.std)
    return temperatures_differences(temps) / einops.repeat(deviation, "weeks -> (weeks 7)")


if __name__ == "__main__":
    if tests.test_temperatures_normalized(temperatures_normalized):
        scores = temperatures_normalized(four_weeks())
        print("week 1:", scores[:7])
        print("means:", einops.reduce(scores, "(weeks 7) -> weeks", "mean").abs().round(decimals=4))
        print("deviations:", einops.reduce(scores, "(weeks 7) -> weeks", torch.std))
        print("7 equal days:", temperatures_normalized(torch.full((7,), 20.0)))


# %% [markdown] lang="zh" tags=["hint"]
# 上一个练习已经给出分子；分母每周一个数，怎样变成每天一个？
# %% [markdown] lang="en" tags=["hint"]
# The last exercise gives you the numerator; the denominator is one number per week: how does it become one per day?
# %% [markdown] lang="zh" tags=["hint"]
# 用 `einops.reduce` 和 `torch.std` 求每周的标准差，再像平均那样重复。
# %% [markdown] lang="en" tags=["hint"]
# `einops.reduce` with `torch.std` gives each week's deviation; repeat it as you repeated the mean.
# %% [markdown] lang="zh"
# ## 6 · einsum：三层循环写成一行
# 两个张量相乘再求和，是深度学习里最常见的计算：矩阵乘法、相似度都是，语言模型里的词与词也是这样比较的。
# 轴一多，`@` 就要先转置、添轴、对齐，算完再还原；而循环的写法谁都看得懂，只是慢。
# 下一格用循环算：`A` 的每一行与 `B` 的每一*行*的内积。两行 $1, 2$ 和 $5, 6$：$1 \cdot 5 + 2 \cdot 6 = 17$。
# %% [markdown] lang="en"
# ## 6 · einsum: three loops in one line
# Multiplying two tensors and summing is the most common computation in deep learning: matrix products and similarities are of this kind, and a language model compares words in this way, too.
# With many axes, `@` needs transposes and extra axes before the shapes fit, and afterwards you must undo them; loops are easy to read, but slow.
# The next cell computes by loops the inner product of each row of `A` with each *row* of `B`. Rows $1, 2$ and $5, 6$ give $1 \cdot 5 + 2 \cdot 6 = 17$.
# %%
def each_row_with_each(A: Float[Tensor, "n d"], B: Float[Tensor, "p d"]) -> Float[Tensor, "n p"]:
    """`n d, p d -> n p` by loops."""
    out = torch.zeros(len(A), len(B))
    for n in range(A.shape[0]):  # one loop for each name on the right: n …
        for p in range(B.shape[0]):  # … and p
            for d in range(A.shape[1]):  # and one for each name that the right lacks: summed
                out[n, p] += A[n, d] * B[p, d]  # each tensor takes the indices of its own names
    return out


A, B = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[5.0, 6], [7, 8], [9, 1]])
if __name__ == "__main__":
    print("three loops:", each_row_with_each(A, B).int().tolist())
    print("one line:   ", einops.einsum(A, B, "n d, p d -> n p").int().tolist())
    figures.summed(A, B, einops.einsum(A, B, "n d, p d -> n p")).show()

# %% [markdown] lang="zh"
# `einops.einsum` 的模式在左边给每个张量各写一组名字，用逗号隔开；右边是结果。读法就是循环：
# *每个名字一层循环；左边的张量按自己的名字取数，乘在一起；右边没有的名字，沿着它求和；右边的名字按你写的顺序排。*
# 所以：几个张量共有的，取同一个下标，对齐相乘；右边缺了的，求和。矩阵乘法、内积、对角线之和，都是这一条规则。
# 字母本身没有意义：`"cat dog, fox dog -> cat fox"` 是同一个计算；有意义的是谁与谁同名，谁在右边。
# 三点细节：同名的轴要一样长，只有长度为 1 的轴会被拉长，像广播那样，不报错；模式里不能写括号和数字，要拆要合，就在前面或后面加一次 `rearrange`；一个名字在同一个张量里写两次，就只走它的对角线。
# %% [markdown] lang="en"
# A pattern of `einops.einsum` has a group of names for each tensor on its left, separated by commas, and the result on its right. Read it as loops:
# *one loop for each name; each tensor on the left is indexed by its own names, and these numbers are multiplied; along names that the right lacks they are summed; the names on the right come in the order in which you write them.*
# So what is shared is lined up, by one index, and multiplied; what is missing on the right is summed. The matrix product, the inner product and the sum of a diagonal all follow this one rule.
# The letters mean nothing: `"cat dog, fox dog -> cat fox"` is the same computation; what counts is which axes share a name, and which are on the right.
# Three details. Axes of one name must be equally long; only an axis of length 1 is stretched, as in broadcasting, without an error. The pattern allows no brackets and no numbers: to split or join, call `rearrange` before or after. A name written twice for one tensor walks along its diagonal.
# %% [markdown] lang="zh" tags=["question"] see="einsum_inner"
# $x = (1, 2)$，$y = (3, 4)$。`i, i -> i`、`i, j ->` 和 `i, j -> j` 各得到什么？先写出循环，再算，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="einsum_inner"
# $x = (1, 2)$ and $y = (3, 4)$. What do `i, i -> i`, `i, j ->` and `i, j -> j` give? Write the loops first, then the numbers, then run the next cell.
# %% [markdown] lang="zh" numbers="3 8 21 9 12" tags=["answer"]
# `i, i -> i`：同名对齐，没有缺的，逐项相乘，得 $3, 8$。
# `i, j ->`：不同名，每个配每个，全都求和，$(1 + 2)(3 + 4) = 21$。
# `i, j -> j`：缺 `i`，所以 $x$ 先加成 3，再乘 $y$ 的每一项，得 $9, 12$。
# 最容易错的是第二个：一样长不等于同名，名字不同就不对齐。
# %% [markdown] lang="en" numbers="3 8 21 9 12" tags=["answer"]
# `i, i -> i`: one name, lined up, nothing missing: term by term, $3, 8$.
# `i, j ->`: two names, each number meets each, all is summed: $(1 + 2)(3 + 4) = 21$.
# `i, j -> j`: `i` is missing, so $x$ adds up to 3, which multiplies each entry of $y$: $9, 12$.
# The second is where most go wrong: equal lengths don't make one name, and different names aren't lined up.
# %%
if __name__ == "__main__":
    x, y = torch.tensor([1.0, 2]), torch.tensor([3.0, 4])
    for pattern in ("i, i -> i", "i, j ->", "i, j -> j"):
        print(f"{pattern:10}", einops.einsum(x, y, pattern).int().tolist())
    print("other letters:", einops.einsum(A, B, "cat dog, fox dog -> cat fox").int().tolist())
    print("p before n:   ", einops.einsum(A, B, "n d, p d -> p n").int().tolist())
    square = torch.tensor([[1.0, 2], [3, 5]])
    print("one tensor, i j -> j:", einops.einsum(square, "i j -> j").int().tolist())
    print("its diagonal, i i -> i:", einops.einsum(square, "i i -> i").int().tolist())
    print("length 1 is stretched:", einops.einsum(y, torch.tensor([10.0]), "i, i -> i").int().tolist())
    weights, colours = torch.tensor([1.0, 10, 100]), torch.tensor([1.0, 2, 4])
    image = einops.repeat(colours, "c -> c h w", h=1, w=3)  # three equal pixels: red 1, green 2, blue 4
    print("colours weighted by name:", einops.einsum(image, weights, "c h w, c -> h w").int().tolist())
    print("weights * image, summed: ", (weights * image).sum(dim=0).int().tolist())


# %% [markdown] lang="zh" numbers="421 7 70 700"
# `i, j ->` 得 21：两个轴一样长，名字却不同，所以不对齐，$x$ 的每个数都与 $y$ 的每个数相乘：$3 + 4 + 6 + 8 = 21$。
# 最后两行把三个通道按权重 $1, 10, 100$ 加起来，每个像素该是 $1 \cdot 1 + 10 \cdot 2 + 100 \cdot 4 = 421$。`weights * image` 却是 $7, 70, 700$：广播从右边对齐，权重对上了宽，乘的是列。
# 宽既不是 3 也不是 1 时它会报错，恰好是 3（或 1）时就悄悄算错；`"c h w, c -> h w"` 写明了是通道，一批图片就写 `"b c h w, c -> b h w"`。
# 这一节的七个练习只许用 `einops.einsum` 计算：测试会看你的函数调用了什么，`@`、`.T`、`.sum()`、下标、类型转换（`.to()`、`.float()`）和 `torch.einsum` 都不放行。看一眼不算计算：形状、dtype 在哪里都可以看（例如 `matrix.shape[0]`），也可以用 `assert` 检查它们，或者 `print` 张量。
# %% [markdown] lang="en" numbers="421 7 70 700"
# `i, j ->` gives 21: the two axes are equally long, but their names differ, so they aren't lined up, and each number of $x$ is multiplied by each number of $y$: $3 + 4 + 6 + 8 = 21$.
# The last two lines sum three channels by the weights $1, 10, 100$, and each pixel should be $1 \cdot 1 + 10 \cdot 2 + 100 \cdot 4 = 421$. Yet `weights * image` gives $7, 70, 700$: broadcasting aligns from the right, so the weights meet the width, and columns are weighted.
# If the width is neither 3 nor 1, that is an error; if it is 3 (or 1), the result is wrong, and nothing tells you. `"c h w, c -> h w"` names the channel, and for a batch it is `"b c h w, c -> b h w"`.
# In the seven exercises of this section only `einops.einsum` may compute: the tests watch what your function calls, and don't accept `@`, `.T`, `.sum()`, an index, a conversion (`.to()`, `.float()`) or `torch.einsum`. Looking isn't computing: you may read a shape or a dtype anywhere (`matrix.shape[0]`, for example), check them by `assert`, and `print` a tensor.
# %% [markdown] lang="zh"
# ### 练习 · 迹 · 3 分钟
# 方阵对角线上各数之和，叫迹（trace），是没有轴的一个数：上一格的 `square` 给出 $1 + 5 = 6$。
# %% [markdown] lang="en"
# ### Exercise · the trace · 3 min
# The sum of the numbers on a square matrix's diagonal is its **trace**, one number without axes: `square` from the last cell gives $1 + 5 = 6$.
# %% exercise="einsum_trace" difficulty=2 importance=3 minutes=3
def einsum_trace(matrix: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The sum of the diagonal."""
    # solution
    return einops.einsum(matrix, "i i ->")


if __name__ == "__main__":
    tests.test_einsum_trace(einsum_trace)


# %% [markdown] lang="zh" tags=["hint"]
# 上一格怎样只走对角线？
# %% [markdown] lang="en" tags=["hint"]
# How did the last cell walk along the diagonal alone?
# %% [markdown] lang="zh" tags=["hint"]
# 对角线还要加起来：不在箭头右边的名字就被求和，而右边可以什么都不写。
# %% [markdown] lang="en" tags=["hint"]
# The diagonal must be added up as well: a name that is not to the right of the arrow is summed, and nothing at all may be there.
# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘向量 · 3 分钟
# 矩阵的每一行与向量的内积：两行 $1, 2$ 和 $3, 4$ 乘 $5, 6$，得到 $17, 39$。网络里的线性层，核心就是它。
# %% [markdown] lang="en"
# ### Exercise · matrix times vector · 3 min
# The inner product of each row of the matrix with the vector: rows $1, 2$ and $3, 4$ times $5, 6$ give $17, 39$. This is the core of a network's linear layer.
# %% exercise="einsum_mv" difficulty=1 importance=4 minutes=3
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
# ### 练习 · 矩阵乘矩阵 · 3 分钟
# 这一次是 `A @ B`：`A` 的每一行与 `B` 的每一*列*。行 $1, 2$；$3, 4$ 乘行 $5, 6$；$7, 9$，左上角是 $1 \cdot 5 + 2 \cdot 7 = 19$，全部是 $19, 24$；$43, 54$。
# %% [markdown] lang="en"
# ### Exercise · matrix times matrix · 3 min
# This time it is `A @ B`: each row of `A` with each *column* of `B`. Rows $1, 2$; $3, 4$ times rows $5, 6$; $7, 9$ have $1 \cdot 5 + 2 \cdot 7 = 19$ at the upper left, and in all $19, 24$; $43, 54$.
# %% exercise="einsum_mm" difficulty=1 importance=5 minutes=3
def einsum_mm(A: Float[Tensor, "n m"], B: Float[Tensor, "m p"]) -> Float[Tensor, "n p"]:
    """`A @ B`."""
    # solution
    return einops.einsum(A, B, "n m, m p -> n p")


if __name__ == "__main__":
    tests.test_einsum_mm(einsum_mm)


# %% [markdown] lang="zh" tags=["hint"]
# 与三层循环那一格差在哪里：`B` 的哪个轴与 `A` 的第二个轴对齐？看看签名里的形状。
# %% [markdown] lang="en" tags=["hint"]
# How does it differ from the three loops: which axis of `B` is lined up with the second of `A`? Look at the shapes in the signature.
# %% [markdown] lang="zh"
# ### 练习 · 内积 · 3 分钟
# 逐项相乘再求和，得到没有轴的一个数：$1, 2, 3$ 与 $4, -5, 7$ 给出 $4 - 10 + 21 = 15$。
# %% [markdown] lang="en"
# ### Exercise · the inner product · 3 min
# Multiply entry by entry and sum, to one number without axes: $1, 2, 3$ and $4, -5, 7$ give $4 - 10 + 21 = 15$.
# %% exercise="einsum_inner" difficulty=1 importance=4 minutes=3
def einsum_inner(x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """The sum of the products of corresponding elements."""
    # solution
    return einops.einsum(x, y, "n, n ->")


if __name__ == "__main__":
    tests.test_einsum_inner(einsum_inner)


# %% [markdown] lang="zh" tags=["hint"]
# 两个向量的轴要同名，它们才会逐项相乘；结果里还剩哪个轴？
# %% [markdown] lang="en" tags=["hint"]
# Both vectors' axes must have one name, or they are not multiplied entry by entry; which axis is left in the result?
# %% [markdown] lang="zh"
# ### 练习 · 外积 · 3 分钟
# 外积（outer product）是每一项乘每一项，排成一张表：$1, 2$ 与 $3, 4$ 给出两行 $3, 4$ 和 $6, 8$。两个向量可以不一样长。
# %% [markdown] lang="en"
# ### Exercise · the outer product · 3 min
# The **outer product** is each entry times each entry, in a table: $1, 2$ and $3, 4$ give the rows $3, 4$ and $6, 8$. The two vectors may differ in length.
# %% exercise="einsum_outer" difficulty=1 importance=4 minutes=3
def einsum_outer(x: Float[Tensor, " n"], y: Float[Tensor, " m"]) -> Float[Tensor, "n m"]:
    """The matrix of all products `x[i] * y[j]`."""
    # solution
    return einops.einsum(x, y, "n, m -> n m")


if __name__ == "__main__":
    tests.test_einsum_outer(einsum_outer)


# %% [markdown] lang="zh" tags=["hint"]
# 有哪个轴被求和吗？左边的名字，右边全都要有。
# %% [markdown] lang="en" tags=["hint"]
# Is any axis summed? All names of the left must be on the right.
# %% [markdown] lang="zh"
# 注意力（attention）是语言模型的核心，它的第一步就是刚才那三层循环。
# 一句话里的每个词都想知道该看哪些词：它拿出一个查询（query），一个向量，说“我在找什么”；每个词又挂出一个键（key），一个同样长的向量，说“我有什么”。
# 查询与键的内积越大，两个词越相配，这个数就是注意力分数。
# 这样的配对同时做好几份，每份有自己的查询和键，叫一个头（head）；再加上一批句子，就有了四个轴：`b`、`head`、词的位置（`pos` 是查询的，`src` 是键的，即 source）、向量的长度 `d`。
# `pos` 和 `src` 要起两个名字，哪怕一样长：若同名，每个查询就只与编号相同的那个键相乘，不报错，算的却是别的东西。
# %% [markdown] lang="en"
# **Attention** is at the heart of language models, and its first step is the three loops from above.
# Each word of a sentence wants to know which words to look at: it has a **query**, a vector that says “what I look for”; and each word shows a **key**, a vector of the same length that says “what I have”.
# The larger the inner product of a query and a key, the better the two words match; that number is the attention score.
# Several such matchings are done side by side, each with queries and keys of its own, and each is called a **head**; with a batch of sentences there are four axes: `b`, `head`, the word's position (`pos` for queries, `src`, or source, for keys), and the length `d` of the vectors.
# `pos` and `src` are two names even where they are equally long: with one name, each query would meet only the key of the same number, without an error, and something else would be computed.
# %%
if __name__ == "__main__":
    two_keys = B[:2]  # as many keys as queries
    for pattern in ("pos d, src d -> pos src", "pos d, pos d -> pos"):
        print(f"{pattern:24}", einops.einsum(A, two_keys, pattern).int().tolist())
    try:
        einops.einsum(A, B, "pos d, pos d -> pos")  # two queries, three keys
    except RuntimeError as error:
        print("2 and 3 can't be lined up:", type(error).__name__)


# %% [markdown] lang="zh"
# ### 练习 · 注意力分数 · 8 分钟
# 批次里的每句话、每个头里，第 `pos` 个查询与第 `src` 个键的内积；查询和键的个数可以不同。
# 只有一句话、一个头时，就是三层循环那一格：查询是 `A` 的两行，键是 `B` 的三行，分数是 $17, 23, 11$ 和 $39, 53, 31$。
# 注意力接下来除以 $\sqrt{d}$，再沿 `src` 取 softmax，使每个查询对各个词的权重加起来是 1；这两步这里不做，最后一步（加权求和）是第 7 节的练习。softmax 沿 `pos` 取就错了，那是让不同的查询去争同一个词。
# %% [markdown] lang="en"
# ### Exercise · attention scores · 8 min
# For each sentence of the batch and each head, the inner product of query `pos` with key `src`; there may be more keys than queries, or fewer.
# With one sentence and one head it is the cell with the three loops: the queries are the two rows of `A`, the keys the three rows of `B`, and the scores $17, 23, 11$ and $39, 53, 31$.
# Next, attention divides by $\sqrt{d}$, and takes the softmax along `src`, so that one query's weights for all words add up to 1; you leave these steps out here. The last step, a weighted sum, is in section 7. A softmax along `pos` would be wrong: different queries would compete for one word.
# %% exercise="einsum_attention_scores" difficulty=3 importance=5 minutes=8
def einsum_attention_scores(
    q: Float[Tensor, "b head pos d"], k: Float[Tensor, "b head src d"]
) -> Float[Tensor, "b head pos src"]:
    """The inner product of each query with each key of its own batch and head."""
    # solution
    return einops.einsum(q, k, "b head pos d, b head src d -> b head pos src")


if __name__ == "__main__":
    if tests.test_einsum_attention_scores(einsum_attention_scores):
        keys = torch.randn(1, 1, 12, 64, generator=torch.Generator().manual_seed(0))
        # each query is the key one position before: `roll` moves all by one
        figures.scores(einsum_attention_scores(keys.roll(1, dims=2), keys)[0, 0]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 左边的五个名字里，要留下哪四个？
# %% [markdown] lang="en" tags=["hint"]
# Of the five names on the left, which four stay?
# %% [markdown] lang="zh" tags=["hint"]
# 签名里已经写好了三组名字；`b` 和 `head` 两边都有，右边也有：只对齐，不求和。
# %% [markdown] lang="en" tags=["hint"]
# The signature already has all three groups of names; `b` and `head` are on both inputs and on the right: lined up, and not summed.
# %% [markdown] lang="zh" tags=["question"] see="einsum_attention_scores"
# 如果把键的轴也叫作 `pos`，右边写 `b head pos`，会算出什么？会报错吗？如果键只有一个呢？用 `A` 和 `B[:1]` 试一试：`pos d, pos d -> pos`。
# %% [markdown] lang="en" tags=["question"] see="einsum_attention_scores"
# If you also called the keys' axis `pos`, with `b head pos` on the right, what would be computed, and would it raise an error? And if there is only one key? Try `pos d, pos d -> pos` on `A` and `B[:1]`.
# %% [markdown] lang="zh" tags=["answer"]
# 同名就要对齐：第 `pos` 个查询只与第 `pos` 个键相乘，得到的是分数矩阵的对角线，形状 `b head pos`。
# 两边一样长时不会报错，它只是算了别的东西；其中一边长度为 1 时也不会，它被拉长；此外长度不同，才会因为对不齐而报错。`A` 与 `B[:1]` 得到 $17, 39$：两个查询都只与那一个键相配。
# （右边若还写着 `src`，einops 会说左边没有这个名字。）
# 所以含义不同的轴要用不同的名字，哪怕长度相同。
# %% [markdown] lang="en" tags=["answer"]
# One name means lined up: query `pos` meets only key `pos`, which gives the diagonal of the scores, of shape `b head pos`.
# With equal lengths there is no error, it just computes something else; nor is there one if either length is 1, which is stretched; other unequal lengths cannot be lined up and raise one. `A` and `B[:1]` give $17, 39$: both queries meet that one key.
# (With `src` still on the right, einops says that the left has no such name.)
# So axes of different meaning get different names, even if they are equally long.
# %% [markdown] lang="zh" numbers="10 31 72"
# 一次调用可以有三个张量，规则不变。例如双线性（bilinear）的计算：两个向量 $x$、$y$ 之间夹一个矩阵 $W$，$\sum_{n,m} x_n W_{nm} y_m$，即先算 $Wy$，再与 $x$ 求内积；固定一个向量，它对另一个就是线性的（linear）：另一个变成两倍，结果也变成两倍；换成两个向量的和，结果也就是各自结果的和。
# $x = (1, 2)$，$y = (10, 1)$，$W$ 的两行是 $1, 0$ 和 $3, 1$：$Wy = (10, 31)$，$1 \cdot 10 + 2 \cdot 31 = 72$。
# 给两样东西的相配程度打分时用它，$W$ 是学出来的；有几种相配，就有几个 $W$。
# %% [markdown] lang="en" numbers="10 31 72"
# One call may take three tensors, by the same rule. An example is a **bilinear** computation: a matrix $W$ between two vectors $x$ and $y$, $\sum_{n,m} x_n W_{nm} y_m$, that is, $Wy$ first and then its inner product with $x$; with one vector fixed it is **linear** in the other: double that one, and the result doubles; put in the sum of two vectors, and the result is the sum of their results.
# With $x = (1, 2)$, $y = (10, 1)$ and rows $1, 0$ and $3, 1$ of $W$: $Wy = (10, 31)$, and $1 \cdot 10 + 2 \cdot 31 = 72$.
# It scores how well two things match, with a $W$ that is learned; for several kinds of match there are several $W$.
# %%
if __name__ == "__main__":
    x, W, y = torch.tensor([1.0, 2]), torch.tensor([[1.0, 0], [3, 1]]), torch.tensor([10.0, 1])
    total = 0.0
    for n in range(2):  # both names are missing on the right, so both are summed
        for m in range(2):
            total += x[n].item() * W[n, m].item() * y[m].item()
    print("two loops:", total)
    print("W y:", einops.einsum(W, y, "n m, m -> n").int().tolist())
    print("x W y:", einops.einsum(x, W, y, "n, n m, m ->").int().item())


# %% [markdown] lang="zh"
# ### 练习 · 双线性 · 8 分钟
# $\mathrm{out}_o = \sum_{n,m} x_n W_{onm} y_m$，对批次里的每一对 $x$、$y$：现在有 `out` 个矩阵，第 `o` 个给出结果的第 `o` 个数。
# 上面的例子写成批次大小为 1、只有一个矩阵：`x` 是 `1 2`、`W` 是 `1 2 2`、`y` 是 `1 2`，得到形状 `1 1`，里面是 72。$x$ 与 $y$ 可以不一样长。
# %% [markdown] lang="en"
# ### Exercise · bilinear · 8 min
# $\mathrm{out}_o = \sum_{n,m} x_n W_{onm} y_m$, for each pair $x$, $y$ of the batch: there are now `out` matrices, and number `o` gives entry `o` of the result.
# The example above as a batch of one with one matrix has `x` as `1 2`, `W` as `1 2 2`, `y` as `1 2`, and gives shape `1 1`, holding 72. $x$ and $y$ may differ in length.
# %% exercise="einsum_bilinear" difficulty=3 importance=3 minutes=8
def einsum_bilinear(
    x: Float[Tensor, "batch n"], W: Float[Tensor, "out n m"], y: Float[Tensor, "batch m"]
) -> Float[Tensor, "batch out"]:
    """What `torch.nn.functional.bilinear(x, y, W)` returns."""
    # solution
    return einops.einsum(x, W, y, "batch n, out n m, batch m -> batch out")


if __name__ == "__main__":
    tests.test_einsum_bilinear(einsum_bilinear)


# %% [markdown] lang="zh" tags=["hint"]
# 公式里的下标就是轴的名字；哪两个被求和？
# %% [markdown] lang="en" tags=["hint"]
# The indices of the formula are the names of axes; which two are summed?
# %% [markdown] lang="zh" tags=["hint"]
# $x$ 与 $y$ 还共有一个 `batch`，公式里没写；它两边对齐，在右边也要出现。
# %% [markdown] lang="en" tags=["hint"]
# $x$ and $y$ also share a `batch`, which the formula leaves out; it is lined up, and must be on the right as well.
# %% [markdown] lang="zh" tags=["question"] see="einsum_bilinear"
# 用自己的话说：一个名字在左边的一个或两个张量里出现，在右边出现或不出现，共四种情形，各是什么意思？每种举出本节的一个例子。
# 读物：“Einsum is All you Need”（Tim Rocktäschel，英文）把十几种计算逐一写成 einsum；读完请回答：那里哪几个例子有“两边都有、右边也有”的下标？
# %% [markdown] lang="en" tags=["question"] see="einsum_bilinear"
# Say it yourself: a name may be on one tensor or on two, and on the right or not. What does each of the four cases mean? Give an example of each from this section.
# Reading: “Einsum is All you Need” (Tim Rocktäschel, in English) writes a dozen computations as einsum, one by one; then say: which of its examples have an index on both inputs and on the right as well?
# %% [markdown] lang="zh" tags=["answer"]
# 一个张量，在右边：留下（外积的 `n`）。一个张量，不在右边：单独求和（`i, j -> j` 里的 `i`）。
# 两个张量，在右边：对齐相乘，不求和（注意力的 `b`）。两个张量，不在右边：对齐相乘再求和（内积）。
# 读物里，逐项相乘和成批的矩阵乘法都有这样的下标，双线性的那个例子也有；末尾较长的注意力例子里，加权求和那一步也是。
# %% [markdown] lang="en" tags=["answer"]
# On one, and on the right: kept (`n` of the outer product). On one, not on the right: summed by itself (`i` in `i, j -> j`).
# On two, and on the right: lined up and multiplied, not summed (`b` in attention). On two, not on the right: lined up, multiplied and summed (the inner product).
# In the reading, the product entry by entry and the batch matrix product have such an index, and so does the bilinear example; in the longer example on attention at its end, so does the weighted sum.
# %% [markdown] lang="zh"
# ## 7 · 收拾旧代码
# 现在反过来：给你四段能用却难读的代码，真实的网络里都会遇到；你用 einops 重写，结果要一样。
# 办法总是同一个：在纸上写出每一步之后的形状，给每个轴起名字；最前面和最后面的两行名字，就是模式。
# 旧代码里的词：`transpose(1, 2)` 对调 1 号和 2 号轴；`view` 是从不拷贝的 `reshape`，不拷贝就做不到时它报错，`-1` 让它自己算那个长度；`contiguous` 按现在的顺序拷贝一份（本来就排得整齐的，原样返回）；`unsqueeze(2)` 在 2 号位置添一个长度为 1 的轴；`squeeze(1)` 去掉 1 号轴，如果它的长度是 1；`matmul` 就是 `@`，只管最后两个轴，前面的轴成批处理。
# 四个练习的规矩：必须用到 einops（它的哪个函数都算：`rearrange`、`reduce`、`repeat`、`einsum`；还有两样这里用不着，也算：`pack` 把几个张量并成一个，`einops.layers` 把模式做成模块）。旧的调用不许再用：`transpose`、`permute`、`movedim`、`moveaxis`、`swapaxes`、`swapdims`、`squeeze`、`unsqueeze`、`view`、`reshape`、`flatten`、`ravel`、`unflatten`、`expand`、`tile`、张量自己的 `repeat`、`broadcast_to`、`as_strided`、`.T`、`.mT`、`.t()` 和它们的近亲，还有下标里的 `None`（`x[:, None]`、`x[..., None]`），也不绕道 NumPy。
# 其余的都可以用，例如整数下标 `x[:, :, 0]`、`@`、`matmul`、`*`、`.mean()`、`.sum()`。
# %% [markdown] lang="en"
# ## 7 · Tidy up
# Now the other way round: here are four pieces of code, of a kind found in real networks, which work but are hard to read; rewrite them with einops so that the result is the same.
# The way is always the same: on paper, write the shape after each step, and give each axis a name; the first and the last line of names are the pattern.
# Words in the old code: `transpose(1, 2)` swaps axes 1 and 2; `view` is a `reshape` that never copies (or raises an error), and works out a length given as `-1`; `contiguous` copies into the current order, unless memory is in that order already; `unsqueeze(2)` adds an axis of length 1 at position 2; `squeeze(1)` drops axis 1 if its length is 1; `matmul` is `@`, which takes the last two axes, and those before as a batch.
# The rules for all four: einops must be used (any of its functions counts: `rearrange`, `reduce`, `repeat`, `einsum`; so do two that you don't need, `pack`, which joins several tensors into one, and `einops.layers`, which makes modules of patterns). The old calls are forbidden: `transpose`, `permute`, `movedim`, `moveaxis`, `swapaxes`, `swapdims`, `squeeze`, `unsqueeze`, `view`, `reshape`, `flatten`, `ravel`, `unflatten`, `expand`, `tile`, a tensor's own `repeat`, `broadcast_to`, `as_strided`, `.T`, `.mT`, `.t()` and their like, and `None` in an index (`x[:, None]`, `x[..., None]`), and no detour through NumPy.
# Everything else is allowed, such as whole numbers as an index (`x[:, :, 0]`), `@`, `matmul`, `*`, `.mean()` and `.sum()`.
# %% [markdown] lang="zh"
# ### 练习 · 拆成多个头 · 8 分钟
# 注意力的头就是这样来的：沿着 `seq` 排的是一句话里的词，每个词的向量长 `width`，切成 `heads` 段一样长的，每段归一个头。
# 例如批次里只有一句话，两个词 $0, 1, 2, 3$ 和 $4, 5, 6, 7$，两个头：头 0 得到 $0, 1$ 和 $4, 5$，头 1 得到 $2, 3$ 和 $6, 7$。`heads` 总能整除 `width`。
# %% [markdown] lang="en"
# ### Exercise · split into heads · 8 min
# The heads of attention are made in this way: along `seq` lie the words of a sentence; each word's vector, of length `width`, is cut into `heads` pieces of equal length, and each piece belongs to one head.
# For example, one sentence of two words, $0, 1, 2, 3$ and $4, 5, 6, 7$, and two heads: head 0 gets $0, 1$ and $4, 5$, head 1 gets $2, 3$ and $6, 7$. `heads` always divides `width`.
# %% exercise="tidy_1" difficulty=2 importance=5 minutes=8
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
# %% [markdown] lang="zh" tags=["hint"]
# 这是拆开和换顺序，没有重复也没有归约；头的个数作为同名的参数传入。
# %% [markdown] lang="en" tags=["hint"]
# It splits and reorders, and neither repeats nor reduces; the number of heads goes in as an argument of that name.
# %% [markdown] lang="zh"
# ### 练习 · 合并多个头再求平均 · 8 分钟
# 反过来：把各个头并排接回一个向量，再对 `seq`（一句话里的词）取平均，一句话得到一个向量。
# 例如批次里只有一句话，两个头、两个词：头 0 是 $1, 2$ 和 $3, 6$，头 1 是 $10, 20$ 和 $30, 60$；结果是 $2, 4, 20, 40$。
# %% [markdown] lang="en"
# ### Exercise · join heads and average · 8 min
# The reverse: join the heads side by side into one vector, and average over `seq`, the words of a sentence: one vector per sentence.
# For example, one sentence, two heads, two words: head 0 has $1, 2$ and $3, 6$, head 1 has $10, 20$ and $30, 60$; the result is $2, 4, 20, 40$.
# %% exercise="tidy_2" difficulty=3 importance=4 minutes=8
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
# 五次调用，其实只有两件事：哪个轴消失，哪两个轴合并？
# %% [markdown] lang="en" tags=["hint"]
# Five calls do only two things: which axis vanishes, and which two are joined?
# %% [markdown] lang="zh" tags=["hint"]
# `einops.reduce` 一次做完；看例子里的 $2, 4, 20, 40$：结果里走得快的是 `heads` 还是 `d`？
# %% [markdown] lang="en" tags=["hint"]
# `einops.reduce` does both at once; look at $2, 4, 20, 40$ in the example: which runs fast in the result, `heads` or `d`?
# %% [markdown] lang="zh"
# 语言模型读的是一串向量，一个词一个；要让它看图，就得把图也变成一串向量。
# 视觉 Transformer（用注意力看图的网络）的第一步就是这个：把图切成一个个正方形的小块（patch），每块里的数排成一行。
# 下一格先用循环切一张 $4 \times 4$、只有一个通道的图：四块，每块四个数。
# %% [markdown] lang="en"
# A language model reads a row of vectors, one per word; to let it look at a picture, the picture must become a row of vectors, too.
# That is the first step of a vision transformer (a network that looks at pictures by attention): cut the picture into squares, each a **patch**, and lay out the numbers of each in a row.
# The next cell first cuts a $4 \times 4$ picture with one channel by loops: four patches, of four numbers each.
# %%
if __name__ == "__main__":
    picture = torch.arange(16.0).reshape(4, 4)
    rows = [picture[y : y + 2, x : x + 2].flatten() for y in (0, 2) for x in (0, 2)]
    for i, patch in enumerate(rows):
        print("patch", i, patch.int().tolist())
    # stack: the four patches become the four rows of one tensor
    figures.patches(picture, {"(rows dy) (columns dx) → (rows columns) (dy dx)": torch.stack(rows)}).show()


# %% [markdown] lang="zh"
# ### 练习 · 图片切成小块 · 12 分钟
# 同样的事，对一批有几个通道的图：`size` 是小块的边长，总能整除高和宽，图可以不是正方形。
# 小块按行、再按列数；一个小块里的数先按行，再按列，*最后按通道*，所以同一个像素的几个通道紧挨着。
# `6 3 24 18` 和 `size` 6 得到 `6 12 108`：每张图 $4 \cdot 3$ 块，每块 $6 \cdot 6 \cdot 3$ 个数。
# %% [markdown] lang="en"
# ### Exercise · patches of a picture · 12 min
# The same for a batch of pictures with several channels: `size` is the side of a patch, and always divides height and width; pictures need not be square.
# Patches are counted by row and then by column; within a patch numbers are ordered by row, then by column, *and last by channel*, so that the channels of one pixel are neighbours.
# `6 3 24 18` with `size` 6 becomes `6 12 108`: $4 \cdot 3$ patches in each picture, and $6 \cdot 6 \cdot 3$ numbers in each patch.
# %% exercise="tidy_3" difficulty=4 importance=4 minutes=12
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
# 上面的图里，模式有几个名字？再加上 `b` 和 `c`，给 `reshape` 拆出的六个轴各起一个名字。
# %% [markdown] lang="en" tags=["hint"]
# How many names has the pattern in the drawing? With `b` and `c` added, give each of the six axes made by `reshape` a name.
# %% [markdown] lang="zh" tags=["hint"]
# 最后的 `reshape` 把它们合成三个轴：`b`、两个数块的轴、三个块内的轴；括号里的顺序照 `permute` 写。
# %% [markdown] lang="en" tags=["hint"]
# The last `reshape` joins them to three: `b`, the two that count patches, the three within a patch; `permute` tells the order within the brackets.
# %% [markdown] lang="zh" tags=["question"] see="tidy_4"
# `x.squeeze()` 去掉长度为 1 的轴。形状 `batch 3 1 4`，批次是 2 时得到什么？是 1 时呢？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="tidy_4"
# `x.squeeze()` drops axes of length 1. Of shape `batch 3 1 4`, what does it make if the batch is 2, and what if it is 1? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 是 2 时 `2 3 4`，是 1 时却成了 `3 4`：`squeeze()` 不写 `dim`，就去掉*所有*长度为 1 的轴，结果有几个轴取决于数据。
# 批次大小为 1，或只有一个头，形状就变了，错误常在很远的地方才冒出来。
# einops 的模式写出了每个轴：右边写几个，结果就有几个；`rearrange` 要去掉长度为 1 的轴，得在左边写明那个 `1`，而那个轴若不是 1，当场报错。
# %% [markdown] lang="en" tags=["answer"]
# With 2 it is `2 3 4`, but with 1 it is `3 4`: without a `dim`, `squeeze()` drops *every* axis of length 1, so the number of axes depends on the data.
# With a batch of 1, or one head, the shape changes, and the error often shows far away.
# An einops pattern writes out each axis: the result has as many as are on the right; for `rearrange` to drop one of length 1 you must write that `1` on the left, and an axis of another length is an error at once.
# %%
if __name__ == "__main__":
    for batch in (2, 1):
        x = torch.zeros(batch, 3, 1, 4)
        named = einops.rearrange(x, "batch heads 1 d -> batch heads d")
        print("batch", batch, "squeeze:", tuple(x.squeeze().shape), "by names:", tuple(named.shape))


# %% [markdown] lang="zh"
# `squeeze()` 不写 `dim`，就去掉*所有*长度为 1 的轴，于是结果有几个轴取决于数据；批次为 1 时形状变了，错误常在很远的地方才冒出来。
# 模式写出了每个轴：右边写几个，结果就有几个；左边的 `1` 若对上长度不是 1 的轴，当场报错。
# 模式也可以不写全：`...` 在左右两边代表所有没起名字的轴，有几个算几个，一个没有也行。`b ... -> ... b` 把第一个轴移到最后：$(2, 3)$ 变成 $(3, 2)$，$(2, 3, 4, 5)$ 变成 $(3, 4, 5, 2)$。
# 函数要接受任意个轴时，这很方便；代价是这一行不再说有几个轴、各是什么意思，多出一个轴来，谁也察觉不到。
# %% [markdown] lang="en"
# Without a `dim`, `squeeze()` drops *every* axis of length 1, so the number of axes depends on the data; with a batch of 1 the shape changes, and the error often shows far away.
# A pattern writes out each axis: the result has as many as are on the right; and if a `1` on the left meets an axis of another length, there is an error at once.
# A pattern can leave this open, too: `...` stands, on both sides, for all axes that have no name, however many there are, none included. `b ... -> ... b` moves the first axis to the end: $(2, 3)$ becomes $(3, 2)$, and $(2, 3, 4, 5)$ becomes $(3, 4, 5, 2)$.
# It is handy in a function for any number of axes; the price is that the line no longer says how many there are and what they mean, so an axis too many passes unnoticed.
# %%
if __name__ == "__main__":
    for shape in ((2, 3), (2, 3, 4, 5)):
        print(shape, "->", tuple(einops.rearrange(torch.zeros(shape), "b ... -> ... b").shape))


# %% [markdown] lang="zh"
# ### 练习 · 加权求和 · 12 分钟
# 注意力的最后一步，这里只看一个查询：每个头对每个词有一个权重（在注意力里由分数取 softmax 得来，这里可以是任意的数），用它把各个词的向量加起来。
# 一句话、一个头，权重 $0.25, 0.75$，两个词的向量 $4, 8$ 和 $0, 4$：结果是 $0.25 \cdot 4 + 0.75 \cdot 0 = 1$ 和 $0.25 \cdot 8 + 0.75 \cdot 4 = 5$。
# 旧代码里的 `squeeze()` 没写 `dim`：批次大小恰好为 1 时，它把批次轴也吞掉了。你的函数在任何大小下都要保留三个轴，批次、头、词的个数都是 1 时也一样。
# %% [markdown] lang="en"
# ### Exercise · a weighted sum · 12 min
# The last step of attention, here for one query only: each head has a weight for each word (in attention, the softmax of the scores; here, any number), and adds up the words' vectors with these weights.
# With one sentence, one head, weights $0.25, 0.75$, and the vectors $4, 8$ and $0, 4$ of two words, the result is $0.25 \cdot 4 + 0.75 \cdot 0 = 1$ and $0.25 \cdot 8 + 0.75 \cdot 4 = 5$.
# The `squeeze()` in the old code names no `dim`: if the batch happens to be 1, it swallows the batch axis as well. Your function keeps its three axes at every size, even if there is one sentence, one head and one word.
# %% exercise="tidy_4" difficulty=3 importance=5 minutes=12
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
# 写出循环：哪些名字两边都有，哪一个不在结果里？
# %% [markdown] lang="en" tags=["hint"]
# Write the loops: which names do both inputs have, and which one is not in the result?
# %% [markdown] lang="zh" tags=["hint"]
# `matmul` 前后添的轴、换的位置，只是为了让轴的编号对得上；用 einsum 就用不着这些，签名里的名字就是模式。
# %% [markdown] lang="en" tags=["hint"]
# The axes that are added and moved around `matmul` only make the positions match; einsum needs none of that, and the names in the signature are the pattern.
# %% [markdown] lang="zh"
# ## 8 · 什么时候不用 einops
# einops 不改变 PyTorch 能做什么，它只是替你调用 `permute`、`reshape`、`expand`（用步长 0 把长度为 1 的轴拉长），以及归约函数和 `torch.einsum`；`rearrange` 能做视图时就只做视图，与 `reshape` 一样。
# 所以上一课的规则照样管用：结果的每个轴都能用一个固定的步长走，才能是视图。
# 用 `small` 算一遍：步长是 $(6, 3, 1)$。`(b h) w` 的四行从第 0、3、6、9 格开始，从一行到下一行总是走 3 格，一个步长就够，是视图；`h (b w)` 的第一行在第 0、1、2、6、7、8 格，每次走 1 格，中间却有一次走 4 格，没有哪个步长做得到，只好拷贝。
# 视图有一个后果：*就地*改动结果，传入的张量也跟着变。本课的规矩“不改动传入的张量”防的就是它。
# %% [markdown] lang="en"
# ## 8 · When not to use einops
# einops doesn't change what PyTorch can do: it only calls `permute`, `reshape`, `expand` (which stretches an axis of length 1 by stride 0), the reductions and `torch.einsum` for you. Like `reshape`, `rearrange` makes a view where there can be one.
# So the rule of the last lesson holds: the result can be a view only if one fixed stride is enough for each of its axes.
# Try it on `small`, whose strides are $(6, 3, 1)$. The four rows of `(b h) w` begin in cells 0, 3, 6, 9: one stride, 3, leads from row to row, so it is a view. The first row of `h (b w)` is in cells 0, 1, 2, 6, 7, 8: steps of 1, and one of 4; no single stride does that, so it is a copy.
# A view has a consequence: change the result *in place*, and the input changes, too. The rule of this lesson, to leave arguments unchanged, guards against that.
# %% [markdown] lang="zh" tags=["question"] see="tidy_1"
# 下一格的六个结果，哪些是视图，哪些是拷贝？先写下来，再运行。
# %% [markdown] lang="en" tags=["question"] see="tidy_1"
# Of the six results in the next cell, which are views and which are copies? Write it down, then run it.
# %% [markdown] lang="zh" tags=["answer"]
# 只换顺序（`h w b`）、只拆开、照原来的顺序合并内存里本来相连的轴（`(b h) w`），都是视图。
# `h (b w)` 和 `h (w b)` 都要拷贝：它们的差别在顺序，不在能不能省内存。
# `repeat` 添一个单独的轴时，步长是 0，也是视图；归约算出了新的数，当然有自己的内存。
# %% [markdown] lang="en" tags=["answer"]
# Reordering only (`h w b`), splitting only, and joining, in their order, axes that follow each other in memory without a gap (`(b h) w`) all make views.
# `h (b w)` and `h (w b)` both copy: they differ in the order, and not in whether memory is saved.
# When `repeat` adds an axis outside of brackets, its stride is 0, and the result is a view; a reduction computes new numbers, and its result has its own memory.
# %%
if __name__ == "__main__":
    made = {
        "b h w -> h w b": einops.rearrange(small, "b h w -> h w b"),
        "b h w -> (b h) w": einops.rearrange(small, "b h w -> (b h) w"),
        "b h w -> h (b w)": einops.rearrange(small, "b h w -> h (b w)"),
        "b h w -> h (w b)": einops.rearrange(small, "b h w -> h (w b)"),
        "b h w -> b h w 2": einops.repeat(small, "b h w -> b h w 2"),
        "b h w -> h w, sum": einops.reduce(small, "b h w -> h w", "sum"),
    }
    for pattern, y in made.items():
        shared = y.untyped_storage().data_ptr() == small.untyped_storage().data_ptr()
        print(f"{pattern:18}", "view" if shared else "copy", "stride", y.stride())
    original = small.clone()
    reordered = einops.rearrange(original, "b h w -> h w b")  # a view
    reordered += 100  # in place: so the memory of `original` changes, too
    print("changed in place, the input begins with", original[0, 0].tolist())
    # `...` in an index: all the axes before, so the first column of both pictures
    print("plain:", small[1, 0].tolist(), small[..., 0].tolist(), tuple(small.flatten().shape))
    first = small[0].int()
    print("picture 0:", first.tolist(), "mirrored:", first.flip(1).tolist(), "moved:", first.roll(1, dims=1).tolist())

# %% [markdown] lang="zh"
# 只换顺序、只拆开、照原来的顺序合并内存里一个接一个、中间没有空隙的轴，都是视图；`repeat` 单独添一个轴，步长是 0，也是视图。别的合并要拷贝；归约算出了新的数，当然有自己的内存。
# 有时候，普通的写法更清楚：
# - 取一部分、镜像、平移：`x[:, :3]`、隔一行取一行 `x[::2]`；`x.flip(1)` 把 1 号轴倒过来，`x.roll(1, dims=1)` 沿它移一格，末尾的那格回到开头。模式说的是整个轴，不能挑出元素，也不能把一个轴倒着数；沿对角线翻转是转置，模式倒是做得到。
# - 一个词就一目了然：矩阵的 `A.T`、`A @ B`、全部展平的 `x.flatten()`、`x.sum()`。
# - 为了广播添一个轴：`x[:, None]`，写在算式里比模式短。
# - 非常小的张量、循环几百万次：einops 每次要查模式，多花几微秒。
#
# 反过来，只要换位置的轴不止两个，或者要拆、要合，或者你得先数轴才敢写，就写出名字。
# %% [markdown] lang="en"
# The result is a view if a pattern only reorders, only splits, or joins, in the same order, axes that follow each other in memory without a gap; an axis that `repeat` adds outside of brackets has stride 0, so that is a view, too. Other joins copy; a reduction computes new numbers, and its result has its own memory.
# Sometimes the plain way is clearer:
# - A part, a mirror image, a shift: `x[:, :3]`, every second row `x[::2]`; `x.flip(1)` reverses axis 1, `x.roll(1, dims=1)` moves everything along it by one, and the last comes to the front. A pattern speaks of whole axes: it can't pick elements or count an axis backwards. But mirroring in the diagonal is a transpose, which a pattern can do.
# - One word that everybody knows: `A.T` of a matrix, `A @ B`, `x.flatten()` of everything, `x.sum()`.
# - An axis added for broadcasting: `x[:, None]` within a formula is shorter than a pattern.
# - Very small tensors in a loop of millions: einops looks up its pattern each time, and takes a few microseconds more.
#
# On the other hand, where more than two axes change places, where one is split or joined, or where you have to count axes before you dare to write, use names.
# %% [markdown] lang="zh" tags=["question"] see="tidy_3"
# 三行代码：`x.transpose(1, 2)`（`x` 有四个轴）、`x.mean(dim=0)`、`x.reshape(b, h // 2, 2, w // 2, 2).mean(dim=(2, 4))`。哪一行你会改成 einops？为什么？把第三行改写出来，再用一个小张量核对。
# %% [markdown] lang="en" tags=["question"] see="tidy_3"
# Three lines: `x.transpose(1, 2)` where `x` has four axes, `x.mean(dim=0)`, and `x.reshape(b, h // 2, 2, w // 2, 2).mean(dim=(2, 4))`. Which would you write with einops, and why? Write the third, and check it on a small tensor.
# %% [markdown] lang="zh" tags=["answer"]
# 第三行一定改：`einops.reduce(x, "b (h 2) (w 2) -> b h w", "mean")`，拆了什么、归约了什么、剩下什么，一眼看清。
# 如果读的人不知道 1 号和 2 号轴是什么，第一行也值得改；名字就是注释，而且每次运行时，einops 都会核对轴的个数。
# 第二行留着也行：一个轴、一个词，除非 0 号轴是什么并不明显。
# %% [markdown] lang="en" tags=["answer"]
# The third for certain: `einops.reduce(x, "b (h 2) (w 2) -> b h w", "mean")` shows at a glance what is split, what is reduced and what is left.
# The first is worth it if a reader can't know what axes 1 and 2 are: names are a comment, and at every run einops checks the number of axes.
# The second may stay: one axis, one word, unless it isn't obvious what axis 0 is.
# %% [markdown] lang="zh"
# ## 这一课的零件，以后在哪里用
# - `rearrange` 和括号：每次把图片拼在一起看的时候；`part2_strides` 用它把卷积变成一次矩阵乘法；`part6_bridges` 用它拆开、接回注意力的各个头。
# - `repeat`：第 1 天的 `part1_raytracing` 用它让每条光线与每个三角形配对。
# - `reduce`：第 2 天 `part2_resnets` 的池化是同一个想法；每周的标准化，到了批归一化，就是每个通道的标准化。
# - `einsum`：`part1_raytracing` 的旋转和 `part2_strides` 的卷积；以后读讲注意力的论文，公式里的下标往往可以直接抄成模式。
# %% [markdown] lang="en"
# ## Where the pieces of this lesson come back
# - `rearrange` and its brackets: whenever pictures are put together to be looked at; `part2_strides` uses it to turn a convolution into one matrix product, `part6_bridges` to split and join the heads of attention.
# - `repeat`: on day 1 `part1_raytracing` pairs each ray with each triangle.
# - `reduce`: the pooling of `part2_resnets` on day 2 is the same idea; and what you standardised by week, batch normalisation standardises by channel.
# - `einsum`: the rotations of `part1_raytracing` and the convolutions of `part2_strides`; and in papers on attention you can often copy the indices of a formula as a pattern.
