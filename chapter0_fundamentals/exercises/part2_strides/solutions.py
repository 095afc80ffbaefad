# %% [markdown] lang="zh" order=4
# # 第 2 天 · 步长与卷积
#
# 同一块内存有许多种读法。这一课你先解八个谜题，只改读法，不搬数据；再用同样的办法写出矩阵乘法、卷积和最大池化。
# 能不拷贝就不拷贝，拷贝更快时就拷贝；最后你的 `conv2d` 和 `maxpool2d` 与 PyTorch 的结果一样。
#
# **先修**：`part0_tensors`（内存、步长、视图、广播、梯度），`part0_einops`（`rearrange`、`einsum`），`part2_cnns` 和 `part2_resnets`（卷积、通道、填充、步幅、池化）；不需要 `part2_features`。
# **时间**：写将近五小时，读大约一小时；分两次，第 4 节之后正好休息。
# **怎么读**：先预测，再运行，然后才写。卡住了用 `coach hint addresses`，自测用 `coach questions`。
#
# 所有练习的规矩：
# - 输入不许改动；用同样的输入再调用一次，结果要一样。
# - 输入的张量可以有任何步长（别人切出来的、转置过的），除非练习另有说明；`float64` 进，`float64` 出。
# - 没有写明时，每个轴至少有一个元素；签名以外的类型不必考虑。
# - 从第 4 节起，梯度要能回到每个输入：不用 `.item()`、`.tolist()`、`detach`。
# - 哪些现成的函数不许用，每一节开头会写；没有禁止的都可以用，写法不限；第 2 节和第 4 节另有一条：要调用 `as_strided`。
# %% [markdown] lang="en"
# # Day 2 · strides and convolutions
#
# One block of memory can be read in many ways. In this lesson you first solve eight puzzles in which only the reading changes and no data move; then you write matrix products, convolution and max pooling in the same way.
# You don't copy where a view is enough, and you do copy where that is faster; at the end your `conv2d` and `maxpool2d` give what PyTorch's own give.
#
# **You need** `part0_tensors` (memory, strides, views, broadcasting, gradients), `part0_einops` (`rearrange`, `einsum`), `part2_cnns` and `part2_resnets` (convolution, channels, padding, stride, pooling); you can do without `part2_features`.
# **Time**: a little under five hours of writing and about one of reading, in two sittings; after section 4 is a good place for a break.
# **How to read**: predict first, then run, and only then write. `coach hint addresses` helps when you are stuck, `coach questions` asks the self-check.
#
# The rules of all exercises:
# - Inputs stay unchanged; a second call with the same inputs gives the same result.
# - Tensors may come with any strides (slices, transposes), unless the exercise says otherwise; `float64` in, `float64` out.
# - Where nothing is said, every axis has at least one element, and you need not handle types other than those in the signature.
# - From section 4 on gradients must get back to every input: no `.item()`, no `.tolist()`, no `detach`.
# - Each section says which ready-made functions are forbidden; everything else is allowed, and you may write it in any way; sections 2 and 4 ask for one thing more, a call of `as_strided`.
# %%
import math
import time
from collections.abc import Callable, Sequence

import einops
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from part2_strides import figures, tests


def milliseconds(work: Callable[[], object]) -> float:
    """The shortest of three runs of `work`: the one that other programs disturbed least."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


# %% [markdown] lang="zh"
# ## 1 · 内存是一条线
# ### 四百万个数换位置
# 一张 2000×2000 的表，转置以后，几乎每个数都换了位置。
# 下一格给两种写法计时：`big.T` 是转置；`big.T.contiguous()` 是同样的数，另放进一块内存，按新的顺序排好。
# %% [markdown] lang="en"
# ## 1 · Memory is a line
# ### Four million numbers change places
# Transpose a table of 2000×2000, and nearly every number changes its place.
# The next cell times two ways: `big.T` is the transpose; `big.T.contiguous()` has the same numbers in a block of its own, laid out in the new order.
# %% [markdown] lang="zh" tags=["question"] see="addresses"
# 先猜，再运行：后一种慢几倍？差不多、十倍，还是一千倍以上？
# %% [markdown] lang="en" tags=["question"] see="addresses"
# Guess, then run: how many times slower is the second? About equal, ten times, or more than a thousand?
# %% [markdown] lang="zh" tags=["answer"]
# 一千倍以上；表再大十倍，差距还要再大。
# `big.T` 一个数也没有搬，只写下新的形状和新的步长，所以它的时间与表的大小无关。
# 后一种要把 16 MB 全部读一遍、写一遍。
# %% [markdown] lang="en" tags=["answer"]
# More than a thousand, and with a larger table the gap is wider still.
# `big.T` moves no number: it writes down a new shape and new strides, so its time doesn't depend on the table's size.
# The second one reads and writes all 16 MB.
# %%
if __name__ == "__main__":
    big = torch.rand(2000, 2000)
    for name, work in {"big.T": lambda: big.T, "big.T.contiguous()": lambda: big.T.contiguous()}.items():
        print(f"{name:18} {milliseconds(work):10.4f} ms")


# %% [markdown] lang="zh" numbers="5 6 7 9 10 11"
# ### 下标像里程表
# 复习 `part0_tensors`：张量是一块内存加一种读法。
# 那块内存在 PyTorch 里叫存储（storage）；读法是形状、步长和偏移量。
# 地址就是元素在存储里的编号，从 0 数起，数的是元素，不是字节。
#
# 按顺序读一个张量，下标的走法像汽车的里程表：最后一个轮子转得最快；它转满一圈回到 0，前一个轮子才进一格。
# 与真的里程表不同的是，每个轮子有自己的长度（形状），走一格值多少也各有各的规定（步长）。
#
# 用铅笔走一遍：形状 $(2, 3)$，步长 $(4, 1)$，偏移量 5。
#
# | 下标 | 0,0 | 0,1 | 0,2 | 1,0 | 1,1 | 1,2 |
# |---|---|---|---|---|---|---|
# | 地址 | 5 | 6 | 7 | 9 | 10 | 11 |
#
# 行内每次加 1。从 0,2 到 1,0，后轮退回两格，$-2 \cdot 1$，前轮进一格，$+4$，合起来是加 2。
# 下一格的 `block` 正是这样的张量，而且 `x` 里每个数就是它自己的地址。
# %% [markdown] lang="en" numbers="5 6 7 9 10 11"
# ### Indices turn like an odometer
# From `part0_tensors`: a tensor is a block of memory and a way of reading it.
# PyTorch calls the block the **storage**; the way of reading is the shape, the strides and the offset.
# An address is the number of an element in the storage, counted from 0, in elements and not in bytes.
#
# If you read a tensor in order, its indices turn like the wheels of an odometer, the counter of kilometres in a car: the last wheel turns fastest; after a full turn it is back at 0, and the wheel before it moves by one.
# Unlike a real odometer's, each wheel has a length of its own (the shape), and a stride of its own: how many cells one step of it counts for.
#
# With a pencil: shape $(2, 3)$, strides $(4, 1)$, offset 5.
#
# | index | 0,0 | 0,1 | 0,2 | 1,0 | 1,1 | 1,2 |
# |---|---|---|---|---|---|---|
# | address | 5 | 6 | 7 | 9 | 10 | 11 |
#
# Within a row you add 1. From 0,2 to 1,0 the last wheel goes back by two steps, $-2 \cdot 1$, the first goes on by one, $+4$; together that adds 2.
# In the next cell `block` is such a tensor, and each number in `x` is its own address.
# %%
if __name__ == "__main__":
    x = torch.arange(12.0).reshape(3, 4)
    block = x[1:, 1:]
    print("shape", tuple(block.shape), "strides", block.stride(), "offset", block.storage_offset())
    print("read in order:", [f"{value:g}" for value in block.flatten().tolist()])  # `:g` drops zeros that say nothing
    figures.walk(block, en="a block cut from three rows of four", zh="从三行四列里切出的一块").show()
    figures.walk(x.T, en="all of it, transposed", zh="全部，转置以后").show()

# %% [markdown] lang="zh"
# ### 什么时候做不成视图
# `view` 是从不拷贝的 `reshape`。设 `x` 有两行三列，`x.view(6)` 就要把两个轴并成一个。
# 并成一个轴，就只剩一个步长，每次前进必须一样远：后轮转满一圈、前轮进一格的那一跳，也要等于后轮的一步。
# 设后轮长 $n$，步长 $t$，前轮步长 $s$：这一跳是 $s - (n - 1)\,t$；它等于 $t$，就是
#
# $$s = n\,t$$
#
# 也就是：前轮走一格，正好等于后轮走一整圈。
# `x` 的步长是 $(3, 1)$：$3 = 3 \cdot 1$，可以。
# `x.T` 的形状是 $(3, 2)$，步长 $(1, 3)$：$1 \ne 2 \cdot 3$，不行；地址依次是 0、3、1、4、2、5，没有哪个步长走得出来。
# 这时 `view` 报错，`reshape` 拷贝。
#
# 最后一个步长是 1，而且每一对相邻的轴都满足上式，这样的张量叫连续的（contiguous）：按顺序读，就是一格挨一格。
# （长度为 1 的轴走不动，不算在内。）
# %% [markdown] lang="en"
# ### When a view is impossible
# `view` is a `reshape` that never copies. Let `x` have two rows and three columns; then `x.view(6)` has to merge two axes into one.
# The merged axis has a single stride, so every step must be equally long: the jump where the last wheel goes back to 0 and the first moves by one must equal one step of the last wheel.
# Let the last wheel have length $n$ and stride $t$, and the wheel before it stride $s$: the jump is $s - (n - 1)\,t$; it equals $t$ if
#
# $$s = n\,t$$
#
# In words: one step of the first wheel is worth a whole turn of the last.
# For `x` itself, with strides $(3, 1)$, that holds: $3 = 3 \cdot 1$.
# Its transpose `x.T` has shape $(3, 2)$ and strides $(1, 3)$: $1 \ne 2 \cdot 3$; the addresses are 0, 3, 1, 4, 2, 5, and no single stride walks them.
# In that case `view` raises an error, and `reshape` copies.
#
# If the last stride is 1, and the rule holds for every two neighbouring axes, a tensor is **contiguous**: read in order, it takes you from one cell to the next.
# (Axes of length 1 take no step, and don't count.)
# %% [markdown] lang="zh" tags=["question"] see="addresses"
# 常听说“`view` 要求张量连续”。`torch.arange(12)[::2]` 隔一个取一个，`is_contiguous()` 是假；`.view(2, 3)` 会报错吗？先预测，再运行。
# %% [markdown] lang="en" tags=["question"] see="addresses"
# People say that `view` needs a contiguous tensor. `torch.arange(12)[::2]` takes every other element, and `is_contiguous()` is false; does `.view(2, 3)` raise an error? Predict, then run.
# %% [markdown] lang="zh" tags=["answer"]
# 不报错。一个轴，步长 2；拆成两个轴，步长 $(6, 2)$，$6 = 3 \cdot 2$，处处都是每步 2 格。
# `view` 问的不是“有没有空隙”，而是“新的轴能不能各有一个固定的步长”。连续是充分的，不是必要的。
# %% [markdown] lang="en" tags=["answer"]
# It doesn't. One axis of stride 2 becomes two axes of strides $(6, 2)$, and $6 = 3 \cdot 2$: every step is 2 cells long.
# `view` doesn't ask whether there are gaps; it asks whether each new axis can have one fixed stride. Contiguous is enough, but not necessary.
# %%
if __name__ == "__main__":
    x = torch.arange(6).reshape(2, 3)
    gaps = torch.arange(12)[::2].view(2, 3)
    print("contiguous:", gaps.is_contiguous(), "- strides:", gaps.stride(), "- values:", gaps.tolist())
    try:
        x.T.view(6)
    except RuntimeError as error:
        print("x.T.view(6):", str(error).split("(")[0])
    figures.odometer({"x": x, "gaps": gaps, "x.T": x.T}).show()


# %% [markdown] lang="zh"
# ### 练习 · 地址 · 15 分钟
# `part0_tensors` 里的 `flat_position` 算一个下标的地址；现在把所有下标的地址一次算完，排成视图的形状。
# 下标 $(i, j, \dots)$ 处的元素，地址是 $\text{offset} + i s_0 + j s_1 + \dots$：偏移量，加上每个下标乘以它那个轴的步长。
# 例如 `addresses((2, 3), (4, 1), offset=5)` 是 `[[5, 6, 7], [9, 10, 11]]`。
# 结果是 `int64`，地址再大也要分毫不差：float32 从 $2^{24}$（一千六百多万）起就存不下奇数了，这样大的张量只有 64 MB，所以从头到尾用整数算。有一个长度是 0，就没有元素，形状仍是 `size`；`size` 是 `()` 时只有一个下标，地址就是 `offset`。
# 给的数都不是负的；怎么写都行，循环也可以。第 3 节的两个检查都建在它上面。
# %% [markdown] lang="en"
# ### Exercise · addresses · 15 min
# In `part0_tensors`, `flat_position` worked out the address of one index; now work out those of all indices at once, in the view's shape.
# The element at index $(i, j, \dots)$ has the address $\text{offset} + i s_0 + j s_1 + \dots$: the offset, plus each index times the stride of its axis.
# For example, `addresses((2, 3), (4, 1), offset=5)` is `[[5, 6, 7], [9, 10, 11]]`.
# The result is `int64`, and exact however large the addresses are: from $2^{24}$ on (16.8 million, a tensor of 64 MB) float32 can't hold odd numbers, so count in whole numbers throughout. If a length is 0 there are no elements, and still the shape is `size`; a `size` of `()` has one index, and its address is `offset`.
# No number given is negative; write it as you like, with loops if you want. Both checks of section 3 are built on it.
# %% exercise="addresses" difficulty=2 importance=4 minutes=15
def addresses(size: Sequence[int], stride: Sequence[int], offset: int = 0) -> Int[Tensor, "..."]:
    """The address that each index of such a view reads, counted in elements from the start of the storage.

    An int64 tensor of the shape `size`, without elements if a length is 0.
    A `size` of `()` has one index: its address is `offset`. No number given is negative.
    """
    # solution
    total = torch.tensor(offset)
    for length, step in zip(size, stride, strict=True):
        total = total[..., None] + step * torch.arange(length)
    return total


if __name__ == "__main__":
    if tests.test_addresses(addresses):
        print(addresses((2, 3), (4, 1), offset=5).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 没有轴的时候结果是什么？多一个轴，原来的每个地址变成几个？
# %% [markdown] lang="en" tags=["hint"]
# What is the result without axes? With one axis more, how many addresses does each address become?
# %% [markdown] lang="zh" tags=["hint"]
# 从一个数开始（只有 `offset`），每多一个轴，就加上 `step * torch.arange(length)`。
# %% [markdown] lang="en" tags=["hint"]
# Begin with a single number, the `offset`; with each further axis add `step * torch.arange(length)`.
# %% [markdown] lang="zh" tags=["hint"]
# `total[..., None]` 在末尾添一个长度为 1 的轴；再加上一个向量，广播就把它展开成新的轴。
# %% [markdown] lang="en" tags=["hint"]
# `total[..., None]` adds an axis of length 1 at the end; add a vector to it, and broadcasting turns it into the new axis.
# %% [markdown] lang="zh" numbers="0 1 8 9"
# ## 2 · 八个谜题
# ### 自己给出读法
# 切片、`.T`、`expand` 各是一种读法；还有许多读法没有现成的名字，比如从右上角到左下角的对角线。
# `x.as_strided(size, stride, storage_offset)` 让你直接给出形状、步长和偏移量，在同一块存储上造一个视图。
# 第三个参数不给，就从 `x` 开始的地方读起。
#
# 做一个例子：`x` 是三行四列，步长 $(4, 1)$。要第 0、2 行的前两列，就是 $2 \times 2$ 个元素；换一行要跨两个行步长，是 8 格，换一列是 1 格。
# 地址是 $0,\ 0+1,\ 8,\ 8+1$，所以 `x.as_strided((2, 2), (8, 1))` 读出 0、1、8、9。
#
# 八个谜题的规矩：要用到 `as_strided`，结果与 `x` 共用内存，数据一个也不搬。
# 步长取自 `x.stride()`，偏移量取自 `x.storage_offset()`：`x` 也许是别人切出来、转置过的一块。在 `x` 的切片上调用 `as_strided`，比如 `x[1:].as_strided(…)`，也算数：切片也是视图，开头由它带过去。
# %% [markdown] lang="en" numbers="0 1 8 9"
# ## 2 · Eight puzzles
# ### You say how to read
# A slice, `.T`, `expand`: each is one way of reading; many more have no ready-made name, for instance the diagonal from the top right to the bottom left.
# `x.as_strided(size, stride, storage_offset)` takes the shape, the strides and the offset directly, and makes a view of the same storage.
# Without the third argument it begins where `x` begins.
#
# An example: `x` has three rows of four, and strides $(4, 1)$. You want the first two columns of rows 0 and 2, so $2 \times 2$ elements; to the next row you cross two rows, 8 cells, and to the next column 1 cell.
# The addresses are $0,\ 0+1,\ 8,\ 8+1$, so `x.as_strided((2, 2), (8, 1))` reads 0, 1, 8, 9.
#
# The rules of all eight: use `as_strided`; the result shares its memory with `x`, and no data move.
# Take strides from `x.stride()` and the offset from `x.storage_offset()`: `x` may be a slice or a transpose of something else. You may also call `as_strided` on a slice of `x`, as in `x[1:].as_strided(…)`: a slice is a view too, and brings its own start along.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_column"
# `block` 是 `torch.arange(24.0).reshape(4, 6)` 的前四列，形状 $(4, 4)$。它的第一列，步长写 4 对吗？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="puzzle_column"
# `block` is the first four columns of `torch.arange(24.0).reshape(4, 6)`, of shape $(4, 4)$. For its first column, is a stride of 4 right? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 不对，要写 6：切片没有搬数据，下一行仍在 6 格之外。
# 写 4 也不报错，读出 0、4、8、12，其中 4 根本不在 `block` 里。
# 所以步长要问 `x.stride()`，不能从形状推。
# %% [markdown] lang="en" tags=["answer"]
# No, it is 6: a slice moves no data, and the next row is still 6 cells away.
# With 4 there is no error either, but you read 0, 4, 8, 12, and 4 isn't in `block` at all.
# So ask `x.stride()` for the strides, and never derive them from the shape.
# %%
if __name__ == "__main__":
    x = torch.arange(12.0).reshape(3, 4)
    print("rows 0 and 2, columns 0 and 1:", x.as_strided((2, 2), (8, 1)).tolist())
    block = torch.arange(24.0).reshape(4, 6)[:, :4]
    print("strides", block.stride(), "- by 4:", block.as_strided((4,), (4,)).tolist())
    print("by its own:", block.as_strided((4,), block.stride()[:1]).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 第一列 · 5 分钟
# 给一个矩阵，返回它的第一列，是一个轴的视图：矩阵是三行四列的 0 到 11 时，结果是 0、4、8。
# 往下走一行，地址加多少？
# %% [markdown] lang="en"
# ### Exercise · the first column · 5 min
# Given a matrix, return its first column, a view with one axis: for the numbers 0 to 11 in three rows of four it is 0, 4, 8.
# If you go one row down, by how much does the address grow?
# %% exercise="puzzle_column" difficulty=1 importance=4 minutes=5
def puzzle_column(x: Float[Tensor, "rows cols"]) -> Float[Tensor, " rows"]:
    """The first column, as a view."""
    # solution
    row, _ = x.stride()
    return x.as_strided((len(x),), (row,))


if __name__ == "__main__":
    if tests.test_puzzle_column(puzzle_column):
        figures.walk(puzzle_column(torch.arange(12.0).reshape(3, 4)), en="the first column", zh="第一列").show()


# %% [markdown] lang="zh" tags=["hint"]
# 结果只有一个轴，所以 `size` 和 `stride` 各是一个元素的元组。
# %% [markdown] lang="en" tags=["hint"]
# The result has one axis, so `size` and `stride` are tuples of one element.
# %% [markdown] lang="zh" tags=["hint"]
# `row, col = x.stride()` 拆开两个步长：沿着列往下走，用的是哪一个？
# %% [markdown] lang="en" tags=["hint"]
# `row, col = x.stride()` takes the two strides apart: which one do you use to walk down a column?
# %% [markdown] lang="zh"
# ### 练习 · 隔一个取一个 · 5 分钟
# 取第 0、2、4……个元素；`x` 的长度也可以是奇数：0 到 6 七个数，结果是 0、2、4、6；只有一个数，结果就是它。
# %% [markdown] lang="en"
# ### Exercise · every other one · 5 min
# Elements 0, 2, 4, and so on; the length of `x` may be odd: the seven numbers 0 to 6 give 0, 2, 4, 6, and a single number gives itself.
# %% exercise="puzzle_every_other" difficulty=1 importance=3 minutes=5
def puzzle_every_other(x: Float[Tensor, " n"]) -> Float[Tensor, " half"]:
    """`x[::2]`, as a view."""
    # solution
    return x.as_strided(((len(x) + 1) // 2,), (2 * x.stride(0),))


if __name__ == "__main__":
    if tests.test_puzzle_every_other(puzzle_every_other):
        figures.walk(puzzle_every_other(torch.arange(7.0)), en="every other element", zh="隔一个取一个").show()


# %% [markdown] lang="zh" tags=["hint"]
# 步长变成几倍？长度是 5 时要取几个？长度是 6 时呢？
# %% [markdown] lang="en" tags=["hint"]
# How does the stride change? How many elements do you take from 5, and how many from 6?
# %% [markdown] lang="zh"
# ### 练习 · 转置 · 5 分钟
# `x` 的 `[i, j]` 变成结果的 `[j, i]`：两行三列的 0 到 5，变成三行 `[0, 3]`、`[1, 4]`、`[2, 5]`。
# 想一想第 1 节的图：转置时，里程表的什么换了位置？
# %% [markdown] lang="en"
# ### Exercise · transpose · 5 min
# Element `[i, j]` of `x` becomes `[j, i]` of the result: the numbers 0 to 5 in two rows of three become the rows `[0, 3]`, `[1, 4]`, `[2, 5]`.
# Think of the figure in section 1: what changes places on the odometer?
# %% exercise="puzzle_transpose" difficulty=2 importance=4 minutes=5
def puzzle_transpose(x: Float[Tensor, "rows cols"]) -> Float[Tensor, "cols rows"]:
    """The transpose, as a view."""
    # solution
    rows, cols = x.shape
    row, col = x.stride()
    return x.as_strided((cols, rows), (col, row))


if __name__ == "__main__":
    tests.test_puzzle_transpose(puzzle_transpose)


# %% [markdown] lang="zh" tags=["hint"]
# 结果的第一个轴有多长，走一步是 `x` 里的哪个方向？
# %% [markdown] lang="en" tags=["hint"]
# How long is the result's first axis, and in which direction of `x` does a step along it go?
# %% [markdown] lang="zh" tags=["hint"]
# 轮子带着自己的长度和步长一起换位置：两样都要换。
# %% [markdown] lang="en" tags=["hint"]
# A wheel takes its length and its stride along when it changes places: swap both.
# %% [markdown] lang="zh"
# ### PyTorch 不能往回走
# 翻转（flip）也只是另一种读法：从最后一个元素读起，每步 $-1$ 格。
# NumPy 就是这么做的，`a[::-1]` 是视图。
# NumPy 的 `strides` 数的是字节；除以每个数占的字节数（`itemsize`），才是元素数。
# PyTorch 的步长不能是负数：`as_strided` 和 `[::-1]` 都报错，`x.flip(0)` 只好拷贝一份。
# 所以步长为负的 NumPy 数组，要先 `.copy()`，才能交给 `torch.from_numpy` 或 `torch.tensor`。
# %% [markdown] lang="en"
# ### PyTorch can't walk backwards
# A **flip** (the elements in reverse order) is also just another way of reading: from the last element, in steps of $-1$.
# NumPy does it that way, and `a[::-1]` is a view.
# NumPy's `strides` count bytes; divided by the bytes that one number takes (`itemsize`), they count elements.
# PyTorch has no negative strides: `as_strided` and `[::-1]` raise errors, and `x.flip(0)` has to copy.
# So an array of NumPy with a negative stride needs a `.copy()` before `torch.from_numpy` or `torch.tensor` takes it.
# %%
if __name__ == "__main__":
    a = np.arange(4)
    print("NumPy:", a[::-1].tolist(), "in strides of", a[::-1].strides[0] // a.itemsize, "elements")
    attempts = {
        "as_strided": lambda: torch.arange(4).as_strided((4,), (-1,), 3),
        "[::-1]": lambda: torch.arange(4)[::-1],
        "from_numpy": lambda: torch.from_numpy(a[::-1]),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (RuntimeError, ValueError) as error:
            print(f"{name}: {str(error)[:70]}")


# %% [markdown] lang="zh" numbers="7"
# ### 偏移量从哪里数起
# `storage_offset` 说第一个元素的地址；它从*整块存储*的开头数起，不从 `x` 的第一个元素数起。
# 例如 `corner` 是四行五列的表去掉第 0 行和前两列，它自己从地址 $1 \cdot 5 + 2 \cdot 1 = 7$ 开始。
# %% [markdown] lang="en" numbers="7"
# ### Where the offset is counted from
# `storage_offset` is the address of the first element; it counts from the start of the *whole storage*, not from the first element of `x`.
# For example, `corner` is a table of four rows of five without row 0 and the first two columns; it begins at address $1 \cdot 5 + 2 \cdot 1 = 7$.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_row"
# 先预测，再运行：`corner.as_strided((3,), (1,), 0)` 读出什么？不给第三个参数呢？
# %% [markdown] lang="en" tags=["question"] see="puzzle_row"
# Predict, then run: what does `corner.as_strided((3,), (1,), 0)` read? And without the third argument?
# %% [markdown] lang="zh" tags=["answer"]
# 给 0，读出 0、1、2：整块存储的开头，不在 `corner` 里。
# 不给，就是 `corner` 自己的偏移量 7，读出 7、8、9。
# 所以“默认是 0”的想法是错的：要给，就从 `x.storage_offset()` 加起。
# %% [markdown] lang="en" tags=["answer"]
# With 0 it reads 0, 1, 2: the start of the whole storage, outside `corner`.
# Without it `corner`'s own offset is used, 7, and it reads 7, 8, 9.
# So the default isn't 0; if you give an offset, start from `x.storage_offset()` and add to it.
# %%
if __name__ == "__main__":
    corner = torch.arange(20.0).reshape(4, 5)[1:, 2:]
    print("corner starts at address", corner.storage_offset())
    print("given 0:", corner.as_strided((3,), (1,), 0).tolist(), "- not given:", corner.as_strided((3,), (1,)).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 第 i 行 · 10 分钟
# 返回 `x` 的第 `i` 行，从 0 数起；`i` 不是负数，也不超出范围。例如上面 `corner` 的第 1 行是 12、13、14。
# %% [markdown] lang="en"
# ### Exercise · row i · 10 min
# Return row `i` of `x`, counted from 0; `i` is not negative, and not out of range. Row 1 of `corner` above, for example, is 12, 13, 14.
# %% exercise="puzzle_row" difficulty=2 importance=4 minutes=10
def puzzle_row(x: Float[Tensor, "rows cols"], i: int) -> Float[Tensor, " cols"]:
    """Row i, counted from 0, as a view."""
    # solution
    row, col = x.stride()
    return x.as_strided((x.shape[1],), (col,), x.storage_offset() + i * row)


if __name__ == "__main__":
    if tests.test_puzzle_row(puzzle_row):
        print("row 1 of corner:", puzzle_row(corner, 1).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 行里面的走法与行号无关；变的只有从哪里开始。`x` 自己从哪里开始？
# %% [markdown] lang="en" tags=["hint"]
# The walk within a row doesn't depend on which row it is; only its start does. Where does `x` itself begin?
# %% [markdown] lang="zh" tags=["hint"]
# 从 `x` 的偏移量出发，往下走 $i$ 行，地址再加 $i$ 个行步长。
# %% [markdown] lang="en" tags=["hint"]
# From the offset of `x` go down $i$ rows: the row's stride, $i$ times.
# %% [markdown] lang="zh" numbers="20"
# ### 不占内存的一百万行
# 要给一百万行各加上同样的 5 个数，先拷贝一百万份要 20 MB。
# 广播不拷贝：它把新轴的步长设成 0，怎么往下走都停在原处。
# 两个数、三行，地址依次是 $0, 1,\ 0, 1,\ 0, 1$。
# 下一格用现成的 `expand` 造出一百万行：存储只有 5 个数，20 个字节。
# %% [markdown] lang="en" numbers="20"
# ### A million rows without memory
# To add the same 5 numbers to a million rows, a million copies would take 20 MB.
# Broadcasting copies nothing: it gives the new axis the stride 0, and however far you go down, you stay in place.
# For two numbers and three rows the addresses are $0, 1,\ 0, 1,\ 0, 1$.
# The next cell makes a million rows by the ready-made `expand`: the storage holds 5 numbers, 20 bytes.
# %%
if __name__ == "__main__":
    rows = torch.arange(5.0).expand(1_000_000, 5)
    print("shape", tuple(rows.shape), "strides", rows.stride(), "- bytes:", rows.untyped_storage().nbytes())


# %% [markdown] lang="zh"
# ### 练习 · 重复 · 5 分钟
# 把 `x` 在每一行里都放一遍，共 `times` 行（至少 1 行），不占新的内存：`x` 是 0、1，三行，结果是 `[[0, 1], [0, 1], [0, 1]]`。
# 仍用 `as_strided`，不用 `expand` 代替。
# %% [markdown] lang="en"
# ### Exercise · repeat · 5 min
# Put `x` into each of `times` rows (at least 1) without taking new memory: for `x` = 0, 1 and three rows the result is `[[0, 1], [0, 1], [0, 1]]`.
# Use `as_strided` again, and not `expand`.
# %% exercise="puzzle_repeat" difficulty=2 importance=4 minutes=5
def puzzle_repeat(x: Float[Tensor, " n"], times: int) -> Float[Tensor, "times n"]:
    """`x` in each of so many rows, as a view: no memory is taken for them."""
    # solution
    return x.as_strided((times, len(x)), (0, x.stride(0)))


if __name__ == "__main__":
    if tests.test_puzzle_repeat(puzzle_repeat):
        figures.walk(puzzle_repeat(torch.arange(5.0), 3), en="one row, three times", zh="同一行，读三遍").show()


# %% [markdown] lang="zh" tags=["hint"]
# 结果有两个轴：哪一个轴走一步，地址不变？
# %% [markdown] lang="en" tags=["hint"]
# The result has two axes: along which one does a step leave the address as it is?
# %% [markdown] lang="zh" tags=["hint"]
# 不变就是步长 0；另一个轴照 `x` 自己的步长走，别写成 1。
# %% [markdown] lang="en" tags=["hint"]
# To stay is a stride of 0; the other axis walks by the stride of `x`, which need not be 1.
# %% [markdown] lang="zh" numbers="6 18 8"
# ### 滑动窗口
# 八个数里，每三个相邻的数是一个窗口：`0 1 2`、`1 2 3`、……、`5 6 7`。
# 最后一个窗口从第 $8 - 3 = 5$ 个元素开始，所以有 $8 - 3 + 1 = 6$ 个。
# 一共读 $6 \cdot 3 = 18$ 个数，内存里却只有 8 个：相邻的窗口互相重叠，同一个数读好几遍。
# 卷积就是这样读图的，所以下面的图值得多看一眼：从一条线换到下一条，起点挪了几格？
# （`unfold(0, 3, 1)` 是 PyTorch 现成的窗口：沿 0 号轴，长 3，每次挪 1。）
# %% [markdown] lang="en" numbers="6 18 8"
# ### Sliding windows
# Among eight numbers, every three neighbours are a window: `0 1 2`, `1 2 3`, and so on to `5 6 7`.
# The last one begins at element $8 - 3 = 5$, so there are $8 - 3 + 1 = 6$ of them.
# They read $6 \cdot 3 = 18$ numbers, though memory holds only 8: neighbouring windows overlap, and a number is read several times.
# A convolution reads its picture in this way, so look twice at the figure: from one line to the next, how far has the start moved?
# (`unfold(0, 3, 1)` is PyTorch's ready-made call for windows: along axis 0, of length 3, moved by 1 each time.)
# %%
if __name__ == "__main__":
    windows = torch.arange(8.0).unfold(0, 3, 1)
    numbers = windows.untyped_storage().nbytes() // windows.element_size()
    print(f"{len(windows)} windows read {windows.numel()} numbers; {numbers} are in memory")
    figures.walk(windows, en="windows of three among eight", zh="八个数里长为 3 的窗口", told=False).show()


# %% [markdown] lang="zh"
# ### 练习 · 滑动窗口 · 10 分钟
# 第 $i$ 行是从第 $i$ 个元素开始的 `size` 个元素；`size` 从 1 到 `x` 的长度。0 到 3 四个数，`size` 是 3，结果是 `[[0, 1, 2], [1, 2, 3]]`。
# 第 5 节的每个卷积都从它开始。
# %% [markdown] lang="en"
# ### Exercise · sliding windows · 10 min
# Row $i$ holds the `size` elements from element $i$ on; `size` is from 1 to the length of `x`. For the numbers 0 to 3 and a `size` of 3 the result is `[[0, 1, 2], [1, 2, 3]]`.
# Every convolution of section 5 begins with it.
# %% exercise="puzzle_windows" difficulty=2 importance=5 minutes=10
def puzzle_windows(x: Float[Tensor, " n"], size: int) -> Float[Tensor, "windows size"]:
    """Every run of `size` neighbours, as a view; `size` is from 1 to n."""
    # solution
    return x.as_strided((len(x) - size + 1, size), (x.stride(0), x.stride(0)))


if __name__ == "__main__":
    if tests.test_puzzle_windows(puzzle_windows):
        every_other = torch.arange(10.0)[::2]
        figures.walk(
            puzzle_windows(every_other, 3), en="windows of every other number", zh="隔一个取一个，再取窗口"
        ).show()


# %% [markdown] lang="zh" tags=["hint"]
# 窗口里走一步，地址加多少？换到下一个窗口，地址又加多少？
# %% [markdown] lang="en" tags=["hint"]
# By how much does the address grow with a step within a window, and by how much with a step to the next window?
# %% [markdown] lang="zh" tags=["hint"]
# 两个轴的步长一样，都是 `x` 的步长；窗口的个数按上面的减法算。
# %% [markdown] lang="en" tags=["hint"]
# Both axes have the same stride, that of `x`; for the number of windows use the subtraction above.
# %% [markdown] lang="zh" numbers="16 17 22 23"
# ### 四个轮子
# 里程表可以有四个轮子。把四行六列的图切成 2×2 的小块：两行三列，共六块，`[i, j, a, b]` 是第 `i` 行第 `j` 列那一块里的第 `a` 行第 `b` 列。
# 图的步长是 $(6, 1)$。小块 `[1, 2]` 的左上角在第 2 行第 4 列，地址 $2 \cdot 6 + 4 = 16$；它的四个数是 16、17、22、23。
# 让四个轮子 `i`、`j`、`a`、`b` 依次各走一格：在图里往下几行，往右几列？换成地址加多少，就是它的步长。
# %% [markdown] lang="en" numbers="16 17 22 23"
# ### Four wheels
# An odometer may have four wheels. Cut a picture of four rows and six columns into tiles of 2×2: two rows of three tiles; `[i, j, a, b]` is row `a`, column `b` in the tile of row `i`, column `j`.
# The picture's strides are $(6, 1)$. Tile `[1, 2]` has its upper left at row 2, column 4, address $2 \cdot 6 + 4 = 16$; its four numbers are 16, 17, 22, 23.
# Let each of the four wheels `i`, `j`, `a`, `b` move by one: how many rows down and how many columns to the right is that in the picture? What it adds to the address is the wheel's stride.
# %%
if __name__ == "__main__":
    picture = torch.arange(24).reshape(4, 6)
    tiles = picture.unfold(0, 2, 2).unfold(1, 2, 2)  # windows of 2 rows, moved by 2; then the same for columns
    print("shape", tuple(tiles.shape), "- tile [1, 2]:", tiles[1, 2].tolist())
    figures.tiled(picture, 2).show()


# %% [markdown] lang="zh"
# ### 练习 · 切成小块 · 15 分钟
# 把图像切成不重叠的 `size` 乘 `size` 的小块，`size` 至少 1，至少放得下一块；边上不够一块的部分舍去：7×5 的图，`size` 是 2，得到 `3 2 2 2`。
# 视觉 Transformer（用在图像上的 Transformer）的第一步就是这样切图。
# %% [markdown] lang="en"
# ### Exercise · tiles · 15 min
# Cut an image into tiles of `size` by `size` that don't overlap; `size` is at least 1, and at least one tile fits; rows and columns at the border that don't fill a tile are left out: a picture of 7×5 and a `size` of 2 give `3 2 2 2`.
# A vision transformer (a transformer for pictures) begins by cutting its picture in this way.
# %% exercise="puzzle_tiles" difficulty=3 importance=4 minutes=15
def puzzle_tiles(x: Float[Tensor, "height width"], size: int) -> Float[Tensor, "tiles_h tiles_w size size"]:
    """The tiles in their places, as a view: `[i, j]` is the tile in row i and column j of tiles."""
    # solution
    (height, width), (row, col) = x.shape, x.stride()
    return x.as_strided((height // size, width // size, size, size), (size * row, size * col, row, col))


if __name__ == "__main__":
    if tests.test_puzzle_tiles(puzzle_tiles):
        print("tile [1, 2] of the picture above:", puzzle_tiles(picture.float(), 2)[1, 2].tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 小块里面走一步，与在 `x` 里走一步有什么不同？到下面一块，要跨过几行？
# %% [markdown] lang="en" tags=["hint"]
# Does a step inside a tile differ from a step in `x`? How many rows do you cross to the tile below?
# %% [markdown] lang="zh" tags=["hint"]
# 四个轴依次是：往下一个小块，往右一个小块，小块里往下一行，小块里往右一列。
# %% [markdown] lang="en" tags=["hint"]
# The four axes in their order: one tile down, one tile to the right, one row down in the tile, one column to the right in it.
# %% [markdown] lang="zh" tags=["hint"]
# 前两个轴的步长是后两个的 `size` 倍；前两个轴的长度用整除，`//` 正好舍去边上的部分。
# %% [markdown] lang="en" tags=["hint"]
# The strides of the first two axes are `size` times those of the last two; their lengths are divisions by `//`, which leaves out the rest at the border.
# %% [markdown] lang="zh"
# ### 练习 · 反对角线 · 10 分钟
# 从右上角走到左下角：往下一行，同时往左一列。4×4 的 0 到 15，结果是 3、6、9、12：从 3 开始，每步 $4 - 1 = 3$ 格。
# 对照主对角线：往下一行，往右一列，每步 $4 + 1 = 5$ 格，读出 0、5、10、15。
# 这里的行步长总不小于列步长（转置过的不会给你，哪怕只剩一个元素），所以每步不会往回；反过来从左下角走到右上角，步长就是负的，PyTorch 做不到。
# 只有一个元素的 `x`，两个步长可以相等：差是 0，反正一步也不走。
# %% [markdown] lang="en"
# ### Exercise · the antidiagonal · 10 min
# From the top right to the bottom left: one row down and one column to the left at once. For the numbers 0 to 15 in 4×4 it is 3, 6, 9, 12: it starts at 3, and each step is $4 - 1 = 3$ cells.
# Compare the main diagonal: one row down and one column to the right, steps of $4 + 1 = 5$ cells, which read 0, 5, 10, 15.
# Here the row's stride is never smaller than the column's (you aren't given a transpose, not even a single element of one), so no step goes back; the other way, from bottom left to top right, needs a negative stride, and PyTorch can't do it.
# `x` may have a single element and two equal strides: their difference is 0, and no step is taken anyway.
# %% exercise="puzzle_antidiagonal" difficulty=3 importance=3 minutes=10
def puzzle_antidiagonal(x: Float[Tensor, "n n"]) -> Float[Tensor, " n"]:
    """The elements from the top right to the bottom left, as a view."""
    # solution
    row, col = x.stride()
    return x.as_strided((len(x),), (row - col,), x.storage_offset() + (len(x) - 1) * col)


if __name__ == "__main__":
    if tests.test_puzzle_antidiagonal(puzzle_antidiagonal):
        figures.walk(puzzle_antidiagonal(torch.arange(16.0).reshape(4, 4)), en="the antidiagonal", zh="反对角线").show()

# %% [markdown] lang="zh" tags=["hint"]
# 第 0 行的最后一个元素，离 `x` 的第一个元素有几步？每步几格？
# %% [markdown] lang="en" tags=["hint"]
# How many steps is the last element of row 0 away from the first element of `x`, and how long is each?
# %% [markdown] lang="zh" tags=["hint"]
# 往下一行加行步长，往左一列减列步长；偏移量从 `x.storage_offset()` 加起。
# %% [markdown] lang="en" tags=["hint"]
# One row down adds the row's stride, one column to the left subtracts the column's; for the offset start from `x.storage_offset()` and add.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_repeat"
# 对 `x = torch.arange(3.0)`，下面哪几种读法，一次 `as_strided` 就能做到？甲：0、0、1、1、2、2，形状 $(3, 2)$；乙：同样六个数，形状 $(6,)$；丙：2、0、1。先判断，再试写。
# %% [markdown] lang="en" tags=["question"] see="puzzle_repeat"
# For `x = torch.arange(3.0)`, which of these readings can one `as_strided` make? A: 0, 0, 1, 1, 2, 2 of shape $(3, 2)$; B: the same six numbers of shape $(6,)$; C: 2, 0, 1. Decide first, then try to write them.
# %% [markdown] lang="zh" tags=["answer"]
# 只有甲：步长 $(1, 0)$，每一行里停在原处，换行走一格。
# 乙要把这两个轴并成一个，而 $1 \ne 2 \cdot 0$：地址先走 0 格，再走 1 格，没有固定的步长。
# 丙先退 2 格，再进 1 格，也没有固定的步长；何况 PyTorch 不能往回走。这两种只能拷贝，例如用下标 `x[[2, 0, 1]]`。
# %% [markdown] lang="en" tags=["answer"]
# Only A, by the strides $(1, 0)$: within a row it stays in place, and to the next row it goes one cell.
# B would merge these two axes, but $1 \ne 2 \cdot 0$: it goes 0 cells, then 1 cell, and has no fixed stride.
# C goes back by 2, then on by 1: no fixed stride either, and PyTorch can't walk backwards. Both need a copy, for instance by the index `x[[2, 0, 1]]`.
# %% [markdown] lang="zh" numbers="2 3 4"
# ## 3 · 锋利的刀
# ### 多读了两个数，没有谁报错
# `mine` 是十个数里的一段：2、3、4。下一格让 `as_strided` 从它读五个数，再读九个数。
# %% [markdown] lang="en" numbers="2 3 4"
# ## 3 · A sharp knife
# ### Two extra numbers, and nobody complains
# `mine` is a piece of ten numbers: 2, 3, 4. The next cell lets `as_strided` read five numbers from it, and then nine.
# %% [markdown] lang="zh" tags=["question"] see="stays_inside"
# 先预测，再运行：`mine` 只有三个元素。读五个会报错吗？读九个呢？
# %% [markdown] lang="en" tags=["question"] see="stays_inside"
# Predict, then run: `mine` has only three elements. Is it an error to read five? And nine?
# %% [markdown] lang="zh" tags=["answer"]
# 读五个不报错：得到 2、3、4、5、6，后两个是 `mine` 在内存里的邻居，不属于它。
# 读九个要到地址 10，存储只有 10 格（地址 0 到 9），这才报错。
# PyTorch 查的是存储的边界，不是 `mine` 的边界。
# %% [markdown] lang="en" tags=["answer"]
# Five is no error: you get 2, 3, 4, 5, 6, and the last two are `mine`'s neighbours in memory, which don't belong to it.
# Nine would need address 10, and the storage has 10 cells, addresses 0 to 9: only then is there an error.
# PyTorch checks the bounds of the storage, not those of `mine`.
# %%
if __name__ == "__main__":
    mine = torch.arange(10.0)[2:5]
    print("mine:", mine.tolist(), "- five elements:", mine.as_strided((5,), (1,)).tolist())
    try:
        mine.as_strided((9,), (1,))
    except RuntimeError as error:
        print("nine elements:", str(error).split("\n")[0])
    figures.walk(mine.as_strided((5,), (1,)), en="five elements of mine", zh="从 mine 读五个元素").show()


# %% [markdown] lang="zh"
# `as_strided` 不看 `x` 的形状，你说读哪里，它就读哪里。
# PyTorch 只拦住最明显的错：负的步长或偏移量，`size` 与 `stride` 长短不一，读到整块存储之外。
# NumPy 的 `as_strided` 默认连读到外面也不拦，可能读出别的变量，甚至让程序崩溃。
# 形状对、数也像样的错误最难找，所以下面写两个检查：一个管越界，一个管重叠。
# %% [markdown] lang="en"
# `as_strided` does not look at the shape of `x`: it reads where you tell it to.
# PyTorch stops only the plainest errors: a negative stride or offset, a `size` and a `stride` of different lengths, reading outside the whole storage.
# NumPy's `as_strided` by default doesn't even stop reading outside: it may read other variables, or crash the program.
# An error with the right shape and plausible numbers is the hardest to find, so you write two checks: one for the bounds, one for overlaps.
# %% [markdown] lang="zh"
# ### 练习 · 没有越界吗 · 15 分钟
# `x.as_strided(size, stride, offset)` 读的每个地址，都是 `x` 自己的元素吗？
# `x` 的元素在内存里不一定连成一段：`x[::2]` 跳过的数、切出来的一块里两行之间的数，都不是它的元素。比的是地址，不是数值：别处的数碰巧相等，也算越界。
# 例如对上面的 `mine`，`((3,), (1,), 2)` 是真，`((5,), (1,), 2)` 是假。
# 什么也不读（有一个长度是 0）是真，`offset` 落在哪里都一样；会读到存储之外时返回假，不报错。`offset` 从存储的开头数起；给的数都不是负的。返回 Python 的 `True` 或 `False`（没有轴的布尔张量也接受）。
# %% [markdown] lang="en"
# ### Exercise · does it stay inside? · 15 min
# Is each address that `x.as_strided(size, stride, offset)` reads one of `x`'s own elements?
# `x` need not be one run: the gaps of `x[::2]`, or what lies between two rows of a block, are not its elements. Compare addresses and not values: an element elsewhere that happens to be equal is outside all the same.
# For `mine` above, for example, `((3,), (1,), 2)` is true and `((5,), (1,), 2)` false.
# If nothing is read (a length is 0), it is true, wherever `offset` lies; if it would read outside the storage, return false and raise no error. `offset` counts from the start of the storage; no number given is negative. Return Python's `True` or `False` (a boolean tensor without axes is accepted, too).
# %% exercise="stays_inside" difficulty=3 importance=4 minutes=15
def stays_inside(x: Tensor, size: Sequence[int], stride: Sequence[int], offset: int) -> bool:
    """Whether `x.as_strided(size, stride, offset)` would read nothing but elements of `x`; true if it reads nothing.

    `offset` counts from the start of the storage. False, and no error, where it would read outside the storage.
    """
    # solution
    own = addresses(x.shape, x.stride(), int(x.storage_offset()))
    return bool(torch.isin(addresses(size, stride, offset), own).all())


if __name__ == "__main__":
    if tests.test_stays_inside(stays_inside):
        print(stays_inside(mine, (3,), (1,), 2), stays_inside(mine, (5,), (1,), 2))


# %% [markdown] lang="zh" tags=["hint"]
# `x` 自己也是一个视图：哪个练习能算出它的地址？它的形状、步长和偏移量，问它自己就知道。
# %% [markdown] lang="en" tags=["hint"]
# `x` is a view itself: which exercise works out its addresses? It tells you its shape, its strides and its offset.
# %% [markdown] lang="zh" tags=["hint"]
# 两组地址，一组要全在另一组里面；`torch.isin(a, b)` 逐个问：`a` 的元素在 `b` 里吗？
# %% [markdown] lang="en" tags=["hint"]
# Two sets of addresses, and one must lie wholly in the other; `torch.isin(a, b)` asks for each element of `a` whether it is in `b`.
# %% [markdown] lang="zh"
# ### 重叠：写一个，动了别的
# 两个不同的下标可以读同一个地址。读没有危险，写就不同了。
# 给每个窗口加 10，有两种写法，看上去是一回事：`windows.add_(10)` 在原处加；`windows.copy_(windows + 10)` 先算出新的值，再写回去。
# %% [markdown] lang="en"
# ### Overlaps: you write one, and change others
# Two different indices may read the same address. Reading is safe; writing is not.
# To add 10 to every window there are two ways that look alike: `windows.add_(10)` adds in place; `windows.copy_(windows + 10)` first works out the new values, then writes them back.
# %% [markdown] lang="zh" tags=["question"] see="overlaps"
# 0 到 7 八个数，长为 3 的窗口：中间的数属于三个窗口。两种写法之后，地址 2 上的数各是多少？先预测，再运行。
# %% [markdown] lang="en" tags=["question"] see="overlaps"
# The numbers 0 to 7 in windows of three: an inner number is in three windows. What is at address 2 after each of the two? Predict, then run.
# %% [markdown] lang="zh" numbers="12 32" tags=["answer"]
# 第二种一定是 12：三个窗口都往这里写 $2 + 10$。
# 第一种，在我们的机器上是 32，加了三次。但是 PyTorch 的文档只提醒说，在原处写重叠的视图可能得到别的结果：一次若成组地读几个，再写回去，就会少加几次。
# 看上去一样的两种写法，结果不同；结果取决于内部怎么走，就叫没有定义：写之前先 `clone`。
# %% [markdown] lang="en" numbers="12 32" tags=["answer"]
# The second gives 12: three windows write $2 + 10$ there.
# The first gives 32 on our machine, three times 10. But PyTorch's documentation only warns that writing in place through overlaps may give something else: if several are read in a group before they are written back, some are lost.
# Two ways that look alike differ; what depends on how PyTorch walks inside is undefined: `clone` before you write.
# %%
if __name__ == "__main__":
    for name, write in {"add_": lambda w: w.add_(10), "copy_": lambda w: w.copy_(w + 10)}.items():
        x = torch.arange(8.0)
        write(x.unfold(0, 3, 1))
        print(f"{name:6}", [f"{value:g}" for value in x.tolist()])
    try:
        torch.arange(4.0).expand(3, 4).add_(10)
    except RuntimeError as error:
        print("through a stride of 0:", str(error)[:80])


# %% [markdown] lang="zh" numbers="0 2 4 3 5 7 6 8 10 9 11 13"
# `copy_` 的结果只加了一次：写到同一个地址的三个值碰巧相等，谁先谁后都一样。`add_` 在我们的机器上加了三次，而 PyTorch 的文档不作保证。一般来说，往重叠的视图里写，结果没有定义，写之前先 `clone`。
# 打印的最后一行：在步长为 0 的视图上，PyTorch 拒绝 `add_`；滑动窗口，它却放过了。（`zero_` 和 `fill_` 写的是同一个数，步长为 0 它也放行。）
# 有一个轴步长是 0、长度大于 1，一眼就看得出重叠；别的重叠要解一个整数方程（哪两个下标的地址相同），代价太大，它就不查。所以没有报错不等于安全。
#
# 手算一个不显眼的：形状 $(4, 3)$，步长 $(3, 2)$，地址是 `0 2 4`、`3 5 7`、`6 8 10`、`9 11 13`，十二个全不同，不重叠。
# 把步长反过来，$(2, 3)$：`0 3 6`、`2 5 8`、`4 7 10`、`6 9 12`，两次出现 6，因为 $3 \cdot 2 = 2 \cdot 3$。
# %% [markdown] lang="en" numbers="0 2 4 3 5 7 6 8 10 9 11 13"
# `copy_` added once: the three values written to one address happen to be equal, so their order doesn't matter. `add_` added three times on our machine, and PyTorch's documentation promises nothing. In general the result of writing through overlaps is undefined: `clone` before you write.
# The last line printed: PyTorch refuses `add_` through a stride of 0, and yet it let the sliding windows pass. (`zero_` and `fill_` write the same number everywhere, and it allows them even through a stride of 0.)
# A stride of 0 along an axis longer than 1 shows its overlap at a glance; the general case is an equation in whole numbers (which two indices have the same address?), too expensive to check, so PyTorch doesn't. No error doesn't mean that it is safe.
#
# One more by hand, where the overlap is harder to see: shape $(4, 3)$ and strides $(3, 2)$ give the addresses `0 2 4`, `3 5 7`, `6 8 10`, `9 11 13`: all twelve differ, no overlap.
# With the strides swapped, $(2, 3)$, they are `0 3 6`, `2 5 8`, `4 7 10`, `6 9 12`: 6 occurs twice, since $3 \cdot 2 = 2 \cdot 3$.
# %%
if __name__ == "__main__":
    line = torch.arange(14)  # each number is its own address
    for stride in ((3, 2), (2, 3)):
        print(stride, *line.as_strided((4, 3), stride).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 重叠吗 · 10 分钟
# 这样的视图里，有没有两个不同的下标读同一个地址？和 `stays_inside` 一样返回真或假：上面的例子，`overlaps((4, 3), (3, 2))` 是假，`overlaps((4, 3), (2, 3))` 是真。
# 长度为 1 的轴走不动，它的步长不算数；长度是 0 或 `size` 是 `()` 时没有重叠。给的数都不是负的。
# %% [markdown] lang="en"
# ### Exercise · does it overlap? · 10 min
# Do two different indices of such a view read the same address? Return true or false, as in `stays_inside`: above, `overlaps((4, 3), (3, 2))` is false, and `overlaps((4, 3), (2, 3))` is true.
# An axis of length 1 takes no step, so its stride doesn't matter; with a length of 0, or a `size` of `()`, nothing overlaps. No number given is negative.
# %% exercise="overlaps" difficulty=2 importance=4 minutes=10
def overlaps(size: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether two different indices of such a view have the same address; no number given is negative."""
    # solution
    return len(addresses(size, stride).unique()) < math.prod(size)


if __name__ == "__main__":
    if tests.test_overlaps(overlaps):
        print("windows:", overlaps((6, 3), (1, 1)), "- tiles of section 2:", overlaps((2, 3, 2, 2), (12, 2, 6, 1)))

# %% [markdown] lang="zh" tags=["hint"]
# 没有重叠时，有几个下标就有几个不同的地址。
# %% [markdown] lang="en" tags=["hint"]
# Without an overlap there are as many different addresses as indices.
# %% [markdown] lang="zh" tags=["hint"]
# 所有的地址你已经会算；`unique()` 去掉重复的。
# %% [markdown] lang="en" tags=["hint"]
# You can already work out all addresses; `unique()` drops the repeats.
# %% [markdown] lang="zh" numbers="1 2 3"
# ### 梯度：往回加
# 梯度走同样的地址，方向相反：一个元素被读了几次，就收到几份梯度，全部加起来。
# 八个数，长为 3 的窗口，所有窗口的和：两端的数只在一个窗口里，收到 1；旁边的收到 2；中间的收到 3。
# PyTorch 在这里做的是累加，不是覆盖，所以重叠的视图可以放心求导；步长为 0 的也一样：重复一百万次，就把一百万份梯度加起来。
# %% [markdown] lang="en" numbers="1 2 3"
# ### Gradients are added on the way back
# Gradients visit the same addresses the other way: an element that is read several times receives that many shares of the gradient, and they are added up.
# For eight numbers in windows of three, and the sum of all windows: the outermost numbers are in one window and receive 1; the next ones receive 2, the inner ones 3.
# Here PyTorch accumulates and doesn't overwrite, so you may differentiate through overlapping views; the same holds for a stride of 0: if a number is repeated a million times, a million shares are added.
# %%
if __name__ == "__main__":
    x = torch.arange(8.0, requires_grad=True)
    x.unfold(0, 3, 1).sum().backward()
    print("gradient of the windows' sum:", x.grad)
    figures.reads(x.detach().unfold(0, 3, 1)).show()

# %% [markdown] lang="zh" numbers="12 34"
# ## 4 · 线性代数
# ### 广播就是步长 0
# 矩阵乘向量，把向量在每一行都摆一遍，逐项相乘，再按行求和。
# 手算：矩阵的行是 $(1, 2)$ 和 $(3, 4)$，向量是 $(10, 1)$。
# 摆好是两行 $(10, 1)$；逐项相乘得 $(10, 2)$ 和 $(30, 4)$；按行求和，12 和 34。
# 摆的这一步不占内存：就是 `puzzle_repeat`。写成 `mat * vec` 时，广播暗中做的也是它，新轴的步长是 0。
#
# 这一节的规矩：视图用 `as_strided` 摆好，逐项相乘（`*`），再求和（`sum`）。每个练习至少调用一次 `as_strided`（自己调用，或者经由第 2 节的函数）；只写 `(mat * vec).sum(dim=1)`，或者只用 `expand`，结果对也不算。矩阵乘矩阵时，一边用 `as_strided` 摆好，另一边可以交给广播。
# 现成的积和对角线都不许用：`@`、`matmul`、`mm`、`mv`、`bmm`、`dot`、`inner`、`einsum`（`einops` 的也算）、`tensordot`、`F.linear`、`trace`、`diag`、`diagonal`，以及同类的函数。下一节起又可以用 `@` 和 `einsum`。
# %% [markdown] lang="en" numbers="12 34"
# ## 4 · Linear algebra
# ### Broadcasting is a stride of 0
# For a matrix times a vector, lay out the vector in every row, multiply term by term, and sum each row.
# By hand: the rows of the matrix are $(1, 2)$ and $(3, 4)$, the vector is $(10, 1)$.
# Laid out it makes two rows $(10, 1)$; multiplied term by term $(10, 2)$ and $(30, 4)$; summed, 12 and 34.
# The layout takes no memory: it is `puzzle_repeat`. In `mat * vec` broadcasting does the same behind the scenes, with a stride of 0 for the new axis.
#
# The rules of this section: lay out views by `as_strided`, multiply term by term (`*`), and add up (`sum`). Each exercise calls `as_strided` at least once (itself, or through a function of section 2); `(mat * vec).sum(dim=1)` alone, or `expand` alone, isn't accepted, though its result is right. In the product of two matrices you may lay out one side by `as_strided` and leave the other to broadcasting.
# Ready-made products and diagonals are forbidden: `@`, `matmul`, `mm`, `mv`, `bmm`, `dot`, `inner`, `einsum` (that of `einops` too), `tensordot`, `F.linear`, `trace`, `diag`, `diagonal` and their like. From the next section on `@` and `einsum` are allowed again.
# %%
if __name__ == "__main__":
    mat, vec = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([10.0, 1])
    laid_out, _ = torch.broadcast_tensors(vec, mat)  # what `*` does to its two sides first
    print("laid out:", laid_out.tolist(), "strides", laid_out.stride())
    print("products:", (mat * laid_out).tolist(), "- sums:", (mat * laid_out).sum(dim=1).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 迹 · 5 分钟
# 方阵对角线上的数加起来，叫迹（trace）；返回没有轴的张量。3×3 的 0 到 8：$0 + 4 + 8 = 12$。
# 对角线怎么走，“反对角线”那个练习里算过连续的 4×4：每步 5 格；`mat` 也许是切出来的、转置过的，往下一行、往右一列各加多少，要问它的步长。
# 先 `mat.reshape(-1)` 再每步 $n + 1$ 格不保险：两个轴并得成一个时（第 1 节的 $s = n\,t$），`reshape` 给的是视图，空隙还在。
# %% [markdown] lang="en"
# ### Exercise · the trace · 5 min
# The trace of a square matrix is the sum of its diagonal; return it as a tensor without axes. For the numbers 0 to 8 in 3×3: $0 + 4 + 8 = 12$.
# In the exercise on the antidiagonal you saw the diagonal of a contiguous 4×4, in steps of 5; `mat` may be cut out or transposed, so ask its strides what a row down and a column to the right add.
# `mat.reshape(-1)` first, then steps of $n + 1$, is not safe: where the two axes merge ($s = n\,t$ of section 1) `reshape` gives a view, and its gaps are still there.
# %% exercise="as_strided_trace" difficulty=2 importance=3 minutes=5
def as_strided_trace(mat: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The sum of the diagonal, a tensor without axes."""
    # solution
    return mat.as_strided((len(mat),), (sum(mat.stride()),)).sum()


if __name__ == "__main__":
    tests.test_as_strided_trace(as_strided_trace)


# %% [markdown] lang="zh" tags=["hint"]
# 一步是往右一列，同时往下一行：地址一共加多少？
# %% [markdown] lang="en" tags=["hint"]
# One step is one column to the right and one row down at once: by how much does the address grow in all?
# %% [markdown] lang="zh" tags=["hint"]
# 一个轴的视图，长度是行数，步长是两个步长之和；偏移量不用给。
# %% [markdown] lang="en" tags=["hint"]
# A view with one axis: its length is the number of rows, its stride the sum of the two strides; no offset is needed.
# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘向量 · 10 分钟
# 返回 `mat @ vec`，走上面的三步：例如行 $(1, 2)$、$(3, 4)$ 乘 $(10, 1)$，得 12 和 34。
# %% [markdown] lang="en"
# ### Exercise · matrix times vector · 10 min
# Return `mat @ vec` by the three steps above: the rows $(1, 2)$ and $(3, 4)$ times $(10, 1)$, for example, give 12 and 34.
# %% exercise="as_strided_mv" difficulty=3 importance=3 minutes=10
def as_strided_mv(mat: Float[Tensor, "n m"], vec: Float[Tensor, " m"]) -> Float[Tensor, " n"]:
    """`mat @ vec`, by a view, a product term by term, and a sum."""
    # solution
    rows = vec.as_strided(mat.shape, (0, vec.stride(0)))
    return (mat * rows).sum(dim=-1)


if __name__ == "__main__":
    tests.test_as_strided_mv(as_strided_mv)


# %% [markdown] lang="zh" tags=["hint"]
# 哪个谜题把一行重复许多遍？这里要重复几遍？
# %% [markdown] lang="en" tags=["hint"]
# Which puzzle repeats one row many times? How many times do you need it here?
# %% [markdown] lang="zh" tags=["hint"]
# `vec` 的视图有 `mat` 的形状。相乘之后形状是 `n m`，结果只有 `n`：求和的是哪个轴？
# %% [markdown] lang="en" tags=["hint"]
# The view of `vec` has the shape of `mat`. The product has the shape `n m`, the result only `n`: which axis is summed over?
# %% [markdown] lang="zh" numbers="12 10 34 20"
# ### 三个轴的乘法表
# $C_{ik} = \sum_j A_{ij} B_{jk}$：结果的每个数，是一行与一列逐项相乘再求和。
# 把所有要乘的数对摆成三个轴 $i, j, k$：左边在 $(i, j, k)$ 处放 $A_{ij}$，不管 $k$ 是几；右边放 $B_{jk}$，不管 $i$ 是几。
# 手算：$A$ 的行是 $(1, 2)$、$(3, 4)$，$B$ 的行是 $(10, 0)$、$(1, 5)$。
#
# | $i, k$ | $j = 0$ | $j = 1$ | 和 |
# |---|---|---|---|
# | 0, 0 | 1·10 | 2·1 | 12 |
# | 0, 1 | 1·0 | 2·5 | 10 |
# | 1, 0 | 3·10 | 4·1 | 34 |
# | 1, 1 | 3·0 | 4·5 | 20 |
# %% [markdown] lang="en" numbers="12 10 34 20"
# ### A table of products with three axes
# $C_{ik} = \sum_j A_{ij} B_{jk}$: each number of the result is a row times a column, term by term, summed.
# Lay out all pairs to be multiplied along three axes $i, j, k$: on the left, $(i, j, k)$ holds $A_{ij}$, whatever $k$ is; on the right $B_{jk}$, whatever $i$ is.
# By hand: the rows of $A$ are $(1, 2)$ and $(3, 4)$, those of $B$ are $(10, 0)$ and $(1, 5)$.
#
# | $i, k$ | $j = 0$ | $j = 1$ | sum |
# |---|---|---|---|
# | 0, 0 | 1·10 | 2·1 | 12 |
# | 0, 1 | 1·0 | 2·5 | 10 |
# | 1, 0 | 3·10 | 4·1 | 34 |
# | 1, 1 | 3·0 | 4·5 | 20 |
# %% [markdown] lang="zh" tags=["question"] see="as_strided_mm"
# 两个 256×256 的矩阵，这张表有 $256^3$，一千六百多万个积；`A @ B` 也做同样多次乘法。先猜，再运行：摆表的写法慢多少？一样快、两倍，还是一百倍以上？
# %% [markdown] lang="en" tags=["question"] see="as_strided_mm"
# For two matrices of 256×256 this table has $256^3$, more than 16 million products; `A @ B` does as many multiplications. Guess, then run: how much slower is the table? Equally fast, twice, or more than a hundred times?
# %% [markdown] lang="zh" tags=["answer"]
# 在我们的机器上，慢一百倍以上。
# 视图本身不占内存，可是*积*要占：一千六百多万个数，64 MB，先写进内存，求和时再读出来。
# `@` 交给 BLAS，一类反复优化过的线性代数库：积一算出来就加进和里，从不写进内存，一条指令还能乘好几对。
# 所以乘法的次数相同，时间可以差很远；这里花时间的主要是搬数。第 6 节会用到这一点。
# %% [markdown] lang="en" tags=["answer"]
# On our machine, more than a hundred times slower.
# The views take no memory, but their *products* do: more than 16 million numbers, 64 MB, are written to memory and read again for the sum.
# `@` goes to BLAS, a kind of library for linear algebra that has been tuned for decades: each product is added to its sum at once and never written to memory, and one instruction multiplies several pairs.
# So with the same number of multiplications the times may be far apart; here it is mainly moving numbers that takes time. Section 6 makes use of that.
# %%
if __name__ == "__main__":
    A, B = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[10.0, 0], [1, 5]])
    table = A[:, :, None] * B  # "i j 1" times "j k": broadcasting lays both out as "i j k"
    print("sums over j:", table.sum(dim=1).tolist())
    A, B = torch.rand(256, 256), torch.rand(256, 256)
    print(f"table and sum: {milliseconds(lambda: (A[:, :, None] * B).sum(dim=1)):.2f} ms", end=", ")
    print(f"A @ B: {milliseconds(lambda: A @ B):.2f} ms")


# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘矩阵 · 15 分钟
# 返回 `A @ B`：用 `as_strided` 把两边摆成 `n m l`（有一边可以交给广播），逐项相乘，再求和。上表是一个例子。
# `A` 没有 `l` 那个轴，`B` 没有 `n` 那个轴：一个矩阵缺的轴，步长该填多少？
# 慢不要紧，这里不评判速度：视图不占内存，可是积要写进内存再读回来，256×256 时是 64 MB；`@` 边乘边加，从不写下它们。
# %% [markdown] lang="en"
# ### Exercise · matrix times matrix · 15 min
# Return `A @ B`: lay out both sides as `n m l` by `as_strided` (you may leave one of them to broadcasting), multiply term by term, and sum. The table above is an example.
# `A` has no axis `l` and `B` has no axis `n`: what stride do you give to the axis that a matrix lacks?
# It may be slow, speed isn't judged here: the views take no memory, but the products are written to memory and read again, 64 MB for 256×256; `@` adds as it multiplies, and never writes them down.
# %% exercise="as_strided_mm" difficulty=3 importance=4 minutes=15
def as_strided_mm(A: Float[Tensor, "n m"], B: Float[Tensor, "m l"]) -> Float[Tensor, "n l"]:
    """`A @ B`, by two views, a product term by term, and a sum."""
    # solution
    size = (*A.shape, B.shape[1])
    left = A.as_strided(size, (*A.stride(), 0))
    right = B.as_strided(size, (0, *B.stride()))
    return (left * right).sum(dim=1)


if __name__ == "__main__":
    tests.test_as_strided_mm(as_strided_mm)


# %% [markdown] lang="zh" tags=["hint"]
# 沿着 `l` 走一步，$A_{ij}$ 变不变？那么 `A` 的视图在这个轴上走几格？
# %% [markdown] lang="en" tags=["hint"]
# Does $A_{ij}$ change with a step along `l`? So how many cells does the view of `A` move along that axis?
# %% [markdown] lang="zh" tags=["hint"]
# 每个视图有三个步长：两个是矩阵自己的，一个是 0；0 在两个视图里的位置不同。
# %% [markdown] lang="en" tags=["hint"]
# Each view has three strides: two are the matrix's own, and one is 0; the 0 has different places in the two views.
# %% [markdown] lang="zh" tags=["hint"]
# 求和的是两边都有的那个轴 `m`。
# %% [markdown] lang="en" tags=["hint"]
# Sum over the axis that both have, `m`.
# %% [markdown] lang="zh" numbers="0 0 1 0 0 -1 0"
# ## 5 · 卷积
# ### 窗口乘卷积核，再求和
# 复习 `part2_resnets`：卷积拿一小块权重，即卷积核（kernel），在每个位置与盖住的数逐项相乘，再求和。
# 用这一课的话说：取出所有窗口（一个视图），每个窗口与核做内积。
# 手算：信号是 $0, 0, 0, 1, 1, 1, 0, 0$，核是 $(-1, 1)$，也就是“右边减左边”。
# 七个窗口，内积是 $0, 0, 1, 0, 0, -1, 0$：跳上去的地方是 1，落下来的地方是 $-1$。
#
# 数学里的卷积先翻转核，不翻转的叫互相关（cross-correlation）；深度学习把后者也叫卷积。
# 下一格里 NumPy 的 `convolve` 翻转，所以正负号反过来。
#
# 这一节和下一节的规矩：写法不限（`as_strided`、`unfold`、`F.unfold`、`@`、`einsum`，有的练习还可以用循环），只是不许用现成的卷积：`torch.conv1d`、`F.conv2d`、`nn.Conv2d`、`F.conv_transpose2d`、`np.convolve` 等等。
# 这一节没有填充，步幅是 1，核总放得下。
# %% [markdown] lang="en" numbers="0 0 1 0 0 -1 0"
# ## 5 · Convolution
# ### Windows times kernel, summed
# From `part2_resnets`: a convolution takes a small piece of weights, the **kernel**, and at each place multiplies it term by term with the numbers that it covers, and sums.
# In the words of this lesson: take all windows (one view), and the inner product of each with the kernel.
# By hand: the signal is $0, 0, 0, 1, 1, 1, 0, 0$ and the kernel $(-1, 1)$, which is right minus left.
# There are seven windows, and the inner products are $0, 0, 1, 0, 0, -1, 0$: 1 where the signal jumps up, $-1$ where it falls.
#
# Mathematicians flip the kernel first, and call it **cross-correlation** if the kernel isn't flipped; deep learning calls that a convolution, too.
# In the next cell NumPy's `convolve` flips, so the signs are reversed.
#
# The rules of this section and the next: write it in any way (`as_strided`, `unfold`, `F.unfold`, `@`, `einsum`, in some exercises a loop), but not with a ready-made convolution: `torch.conv1d`, `F.conv2d`, `nn.Conv2d`, `F.conv_transpose2d`, `np.convolve` and the like.
# In this section there is no padding, the stride is 1, and the kernel always fits.
# %%
if __name__ == "__main__":
    signal, kernel = torch.tensor([0.0, 0, 0, 1, 1, 1, 0, 0]), torch.tensor([-1.0, 1])
    print("torch:", torch.conv1d(signal[None, None], kernel[None, None]).int().flatten().tolist())
    print("NumPy:", np.convolve(signal, kernel, mode="valid").astype(int).tolist())  # valid: whole windows only


# %% [markdown] lang="zh"
# ### 练习 · 最简单的卷积 · 10 分钟
# 一个信号，一个核，返回 `width - k + 1` 个内积；上面的手算就是一个例子。循环也可以。
# %% [markdown] lang="en"
# ### Exercise · the simplest convolution · 10 min
# One signal and one kernel: return the `width - k + 1` inner products; the calculation by hand above is an example. Loops are allowed.
# %% exercise="conv1d_minimal_simple" difficulty=2 importance=4 minutes=10
def conv1d_minimal_simple(x: Float[Tensor, " width"], weights: Float[Tensor, " k"]) -> Float[Tensor, " out"]:
    """What `torch.conv1d` gives for one signal and one kernel: stride 1, no padding; width - k + 1 values."""
    # solution
    k = len(weights)
    windows = x.as_strided((len(x) - k + 1, k), (x.stride(0), x.stride(0)))
    return windows @ weights


if __name__ == "__main__":
    if tests.test_conv1d_minimal_simple(conv1d_minimal_simple):
        mean = torch.full((3,), 1 / 3)
        print("means of three:", [f"{value:.2f}" for value in conv1d_minimal_simple(signal, mean).tolist()])


# %% [markdown] lang="zh" tags=["hint"]
# 哪个谜题给出所有窗口？步长从 `x` 取。
# %% [markdown] lang="en" tags=["hint"]
# Which puzzle gives all windows? Take the stride from `x`.
# %% [markdown] lang="zh" tags=["hint"]
# 窗口是 `out k` 的矩阵，核是 `k` 的向量：相乘、求和合起来，是哪一种积？
# %% [markdown] lang="en" tags=["hint"]
# The windows are a matrix `out k`, the kernel is a vector `k`: which product multiplies and sums at once?
# %% [markdown] lang="zh" numbers="21 32"
# ### 通道：也要求和
# 输入有几个通道，每个核就有几片；内积对通道也求和，得到一个数。有几个核，就有几个输出通道。
#
# $$y_{b,o,i} = \sum_{c} \sum_{j} x_{b,c,i+j}\; w_{o,c,j}$$
#
# 用话说：第 $b$ 个样本、第 $o$ 个核、第 $i$ 个窗口的输出，是对输入通道 $c$ 和窗口里的位置 $j$ 求和。
# 手算：两个通道 $1, 2, 3$ 和 $10, 20, 30$；一个核的两片是 $(1, 0)$ 和 $(0, 1)$。
# 第 0 个窗口：$1 \cdot 1 + 20 \cdot 1 = 21$；第 1 个：$2 + 30 = 32$。
# 下一格把循环写在一行 `einsum` 旁边：右边没有的轴 `c_in` 和 `k` 被求和。
# %% [markdown] lang="en" numbers="21 32"
# ### Channels are summed over as well
# A kernel has a slice for each input channel; the inner product also sums over the channels, and gives one number. Each kernel makes one output channel.
#
# $$y_{b,o,i} = \sum_{c} \sum_{j} x_{b,c,i+j}\; w_{o,c,j}$$
#
# In words: for example $b$, kernel $o$ and window $i$, sum over the input channels $c$ and the places $j$ in the window.
# By hand: two channels $1, 2, 3$ and $10, 20, 30$; one kernel with the slices $(1, 0)$ and $(0, 1)$.
# Window 0: $1 \cdot 1 + 20 \cdot 1 = 21$; window 1: $2 + 30 = 32$.
# The next cell has the loops beside one line of `einsum`: the axes that don't appear on the right side, `c_in` and `k`, are summed over.
# %%
def conv1d_by_loops(x: Tensor, weights: Tensor) -> Tensor:
    """The formula above, literally, and slow."""
    (batch, c_in, width), (c_out, _, k) = x.shape, weights.shape
    y = torch.zeros(batch, c_out, width - k + 1)
    for b, o, i in np.ndindex(*y.shape):  # every index of y in turn
        y[b, o, i] = sum(x[b, c, i + j] * weights[o, c, j] for c in range(c_in) for j in range(k))
    return y


if __name__ == "__main__":
    x, weights = torch.tensor([[[1.0, 2, 3], [10, 20, 30]]]), torch.tensor([[[1.0, 0], [0, 1]]])
    windows = x.unfold(2, 2, 1)  # batch c_in out k
    line = einops.einsum(windows, weights, "batch c_in out k, c_out c_in k -> batch c_out out")
    print("loops:", conv1d_by_loops(x, weights).tolist(), "- einsum:", line.tolist())


# %% [markdown] lang="zh" numbers="24"
# ### 两处没有谁替你检查
# 核要四个通道，`x` 只有三个，该报错。可是：
# - 视图的 `c_in` 若取自 `weights`，就会多读一个“通道”：内存里接着的数，其实是下一张图的第一个通道。存储若到最后一张图为止，整个调用报错；`x` 若是从一大块里切出来的，后面还有数，就不报错，结果却是错的。
# - 核只有一个通道时，`*` 和 `einsum` 会把它悄悄广播到所有通道。
#
# 下一格两样都演示：`cut` 是四张图里的前两张，每张有三个通道，每个通道四个数。
# 它只有 24 个数（0 到 23），读出的“第四个通道”却从 24 开始。
# 所以形状取自 `x`，并且先调用 `require_same_channels` 检查。
# %% [markdown] lang="en" numbers="24"
# ### Two places where nobody checks for you
# If a kernel needs four channels and `x` has three, that should be an error. But:
# - If the view's `c_in` is taken from `weights`, it reads one "channel" too many: what comes next in memory is really the first channel of the next image. If the storage ends with the last image, the whole call raises an error; if `x` is cut out of something larger, there is no error, and the numbers are wrong.
# - If the kernel has one channel only, `*` and `einsum` silently broadcast it over all channels.
#
# The next cell shows both: `cut` is the first two of four images, with three channels of four numbers each.
# It has 24 numbers only, 0 to 23, and yet the "fourth channel" begins with 24.
# So take the shape from `x`, and call `require_same_channels` first.
# %%
def require_same_channels(x: Tensor, weights: Tensor) -> None:
    """Raises ValueError unless the kernels want as many input channels as `x` has."""
    if x.shape[1] != weights.shape[1]:
        raise ValueError(f"x has {x.shape[1]} channels, weights want {weights.shape[1]}: pass weights for this x")


if __name__ == "__main__":
    cut = torch.arange(48.0).reshape(4, 3, 4)[:2]  # batch c_in width
    four = cut.as_strided((2, 4, 3, 2), (*cut.stride(), 1))
    print("the fourth channel of the last image:", four[1, 3].tolist())
    for channels in (1, 2):
        try:
            y = einops.einsum(cut.unfold(2, 2, 1), torch.ones(1, channels, 2), "b c_in i k, o c_in k -> b o i")
            print("a kernel of", channels, "channel for 3: no error, shape", tuple(y.shape))
        except RuntimeError:
            print("a kernel of", channels, "channels for 3: an error")


# %% [markdown] lang="zh"
# ### 练习 · 批次与通道 · 20 分钟
# 与 `torch.conv1d(x, weights)` 相同；上面的手算是一个例子。循环也可以。
# 通道数不同时，不论多了还是少了，都要报错；第一行已经替你写好。
# 窗口视图的形状若取 `batch c_in out k`，一行 `einsum` 就算完。
# %% [markdown] lang="en"
# ### Exercise · batch and channels · 20 min
# The same as `torch.conv1d(x, weights)`; the calculation by hand above is an example. Loops are allowed.
# If the numbers of channels differ, too many or too few, it is an error; the first line already does that for you.
# With a view of windows of shape `batch c_in out k` the rest is one line of `einsum`.
# %% exercise="conv1d_minimal" difficulty=3 importance=5 minutes=20
def conv1d_minimal(
    x: Float[Tensor, "batch c_in width"], weights: Float[Tensor, "c_out c_in k"]
) -> Float[Tensor, "batch c_out out"]:
    """What `torch.conv1d(x, weights)` returns."""
    require_same_channels(x, weights)
    # solution
    (batch, c_in, width), k = x.shape, weights.shape[-1]
    windows = x.as_strided((batch, c_in, width - k + 1, k), (*x.stride(), x.stride(-1)))
    return einops.einsum(windows, weights, "batch c_in out k, c_out c_in k -> batch c_out out")


if __name__ == "__main__":
    tests.test_conv1d_minimal(conv1d_minimal)


# %% [markdown] lang="zh" tags=["hint"]
# 视图比 `x` 多一个轴 `k`：沿着它走一步，在 `x` 里走的是哪个方向？
# %% [markdown] lang="en" tags=["hint"]
# The view has one axis more than `x`, namely `k`: in which direction of `x` does a step along it go?
# %% [markdown] lang="zh" tags=["hint"]
# 前三个步长就是 `x` 的；`k` 的步长与 `width` 的相同。
# %% [markdown] lang="en" tags=["hint"]
# The first three strides are those of `x`; that of `k` equals that of `width`.
# %% [markdown] lang="zh" tags=["hint"]
# `einops.einsum` 把右边没有出现的轴都加起来：右边该写哪三个？
# %% [markdown] lang="en" tags=["hint"]
# `einops.einsum` sums over all axes that don't appear on the right side: which three do you write there?
# %% [markdown] lang="zh" numbers="3 4 6 7"
# ### 二维：六个轴
# 图像的窗口要往两个方向挪，窗口里面也有两个方向：`batch c_in out_h out_w kh kw`。
# 手算：3×3 的 0 到 8，步长 $(3, 1)$；2×2 的窗口 `[1, 0]` 从第 1 行第 0 列开始，地址 3，里面的地址是 $3,\ 3+1,\ 3+3,\ 3+3+1$，即 3、4、6、7。
# 挪一个窗口与窗口里走一步，用的是同一对步长，和一维时一样。
# %% [markdown] lang="en" numbers="3 4 6 7"
# ### Two dimensions, six axes
# The windows of an image move in two directions, and inside a window there are two directions as well: `batch c_in out_h out_w kh kw`.
# By hand: the numbers 0 to 8 in 3×3, with strides $(3, 1)$; window `[1, 0]` of 2×2 begins at row 1, column 0, address 3, and inside it are the addresses $3,\ 3+1,\ 3+3,\ 3+3+1$, which is 3, 4, 6, 7.
# A step to the next window and a step inside a window use the same two strides, as in one dimension.
# %%
if __name__ == "__main__":
    picture = torch.arange(9).reshape(3, 3)
    print("window [1, 0]:", picture.unfold(0, 2, 1).unfold(1, 2, 1)[1, 0].tolist())


# %% [markdown] lang="zh"
# ### 练习 · 二维 · 20 分钟
# 与 `torch.conv2d(x, weights)` 相同；核的高与宽可以不同，通道数不同时报错。循环也可以。
# 例如上面的图（一个样本、一个通道），核的两行是 $(1, 0)$ 和 $(0, 1)$：每个窗口的左上加右下，得到 4、6 和 10、12。
# %% [markdown] lang="en"
# ### Exercise · two dimensions · 20 min
# The same as `torch.conv2d(x, weights)`; a kernel's height and width may differ, and different numbers of channels are an error. Loops are allowed.
# For example, on the picture above (one example, one channel) a kernel with the rows $(1, 0)$ and $(0, 1)$ adds upper left and lower right of each window: 4, 6 and 10, 12.
# %% exercise="conv2d_minimal" difficulty=3 importance=5 minutes=20
def conv2d_minimal(
    x: Float[Tensor, "batch c_in height width"], weights: Float[Tensor, "c_out c_in kh kw"]
) -> Float[Tensor, "batch c_out out_h out_w"]:
    """What `torch.conv2d(x, weights)` returns."""
    require_same_channels(x, weights)
    # solution
    (batch, c_in, height, width), (kh, kw) = x.shape, weights.shape[-2:]
    size = (batch, c_in, height - kh + 1, width - kw + 1, kh, kw)
    windows = x.as_strided(size, (*x.stride(), *x.stride()[-2:]))
    pattern = "batch c_in out_h out_w kh kw, c_out c_in kh kw -> batch c_out out_h out_w"
    return einops.einsum(windows, weights, pattern)


if __name__ == "__main__":
    if tests.test_conv2d_minimal(conv2d_minimal):
        image = figures.lighthouse()
        change = torch.tensor([[[[-1.0, 1]]]])  # `change.mT` below swaps the last two axes: the same, downwards
        across, down = (conv2d_minimal(image[None, None], kernel)[0, 0] for kernel in (change, change.mT))
        figures.edges(image, across, down).show()

# %% [markdown] lang="zh" tags=["hint"]
# 在 `conv1d_minimal` 的视图上，多出的两个轴各是什么？它们的步长是谁的？
# %% [markdown] lang="en" tags=["hint"]
# Compared with the view in `conv1d_minimal`, which two axes are new, and whose strides are theirs?
# %% [markdown] lang="zh" tags=["hint"]
# 形状是 `batch c_in out_h out_w kh kw`；六个步长是 `x` 的四个，后面重复高与宽的两个。
# %% [markdown] lang="en" tags=["hint"]
# The shape is `batch c_in out_h out_w kh kw`; of the six strides four are those of `x`, and the last two repeat those of height and width.
# %% [markdown] lang="zh" tags=["hint"]
# `einsum` 的右边是 `batch c_out out_h out_w`：求和的是哪三个轴？
# %% [markdown] lang="en" tags=["hint"]
# The right side of the `einsum` is `batch c_out out_h out_w`: which three axes are summed over?
# %% [markdown] lang="zh" numbers="-1 1 3 5"
# ## 6 · 填充、步幅与速度
# ### 有几个窗口
# 填充（padding）在两端各添 $p$ 个数，步幅（stride）让窗口每次挪 $s$ 格；这一节和下一节里，步幅和核的长度至少是 1，填充至少是 0，不必检查。
# 卷积的步幅和内存的步长，英文同名，却是两回事：前者数像素，后者数内存里的格子。
#
# 长为 $n$ 的一行，填充以后是 $n + 2p$ 格。
# 第 0 个窗口盖住 $k$ 格，剩下 $n + 2p - k$ 格可以走，每步 $s$ 格；最后不够一步，就不走了：
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# 那对下半方括号表示向下取整，也就是去掉小数；加的 1 是出发时的那个窗口。
# 手算：$n = 7,\ k = 3,\ s = 2,\ p = 1$，可以走 $7 + 2 - 3 = 6$ 格，三步，四个窗口，起点是 $-1, 1, 3, 5$（位置 $-1$ 上是左边添的那个 0）。
# %% [markdown] lang="en" numbers="-1 1 3 5"
# ## 6 · Padding, stride, and speed
# ### How many windows there are
# **Padding** adds $p$ numbers at either end, and the stride $s$ is how far a window moves each time; in this section and the next, strides and kernels are at least 1 and paddings at least 0, and you need not check that.
# A convolution's stride and memory's stride have the same name, but are two different things: one counts pixels, the other cells of memory.
#
# A row of $n$ is $n + 2p$ long when padded.
# Window 0 covers $k$ of it, and $n + 2p - k$ are left to walk, in steps of $s$; a last step that doesn't fit isn't taken:
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# The half brackets drop the fraction; the 1 is the window at the start.
# By hand: with $n = 7,\ k = 3,\ s = 2,\ p = 1$ there are $7 + 2 - 3 = 6$ left to walk, three steps, four windows; they start at $-1, 1, 3, 5$ (at place $-1$ is the 0 that was added on the left).
# %% [markdown] lang="zh" tags=["question"] see="output_size"
# 把 7 换成 8，其余不变：有几个窗口？右边添的那个 0，有没有窗口读到？先算，再看图。
# %% [markdown] lang="en" tags=["question"] see="output_size"
# Take 8 instead of 7, and leave all else as it was: how many windows are there, and does any of them read the 0 that was added on the right? Work it out, then look at the figure.
# %% [markdown] lang="zh" tags=["answer"]
# 可以走 $8 + 2 - 3 = 7$ 格，$7/2$ 取 3，还是四个窗口。
# 最后一个从 5 开始，盖住 5、6、7；右边的 0 在位置 8，谁也没有读到。
# 两边填得一样多，不等于两边用得一样多：步幅除不尽时，少的总是右边和下边。
# %% [markdown] lang="en" tags=["answer"]
# $8 + 2 - 3 = 7$ are left to walk, $7/2$ gives 3, and there are four windows once more.
# The last one starts at 5 and covers 5, 6, 7; the 0 on the right is at place 8, and nobody reads it.
# The padding is equal on both sides, but the windows don't use it equally: if the stride leaves a remainder, numbers at the right and at the bottom are left out.
# %%
if __name__ == "__main__":
    for size in (7, 8):
        starts = list(range(-1, size + 1 - 3 + 1, 2))  # from -p, as long as the window ends within size + p
        print(f"{size} places: {len(starts)} windows, from", *starts)
        figures.jumps(size, kernel=3, stride=2, padding=1).show()

# %%
IntOrPair = int | tuple[int, int]  # a stride or a padding: one number for both directions, or (height, width)


def pair(value: IntOrPair) -> tuple[int, int]:
    """(height, width), of a pair or of one number for both."""
    return value if isinstance(value, tuple) else (value, value)


# %% [markdown] lang="zh"
# ### 练习 · 有几个窗口 · 10 分钟
# 返回沿一个轴的窗口个数，填充加在两端：`output_size(7, 3, 2, 1)` 是 4，`output_size(7, 3, 1, 0)` 是 5。
# 一个也放不下就报 `ValueError`；填充之后才放得下也算放得下：`output_size(2, 5, 1, 2)` 是 2。
# %% [markdown] lang="en"
# ### Exercise · how many windows? · 10 min
# Return the number of windows along one axis, padded at both ends: `output_size(7, 3, 2, 1)` is 4, `output_size(7, 3, 1, 0)` is 5.
# If none fits, raise `ValueError`; what fits only thanks to the padding does fit: `output_size(2, 5, 1, 2)` is 2.
# %% exercise="output_size" difficulty=2 importance=4 minutes=10
def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many windows fit along an axis that is padded at both ends; raises ValueError where none does.

    `kernel` and `stride` are at least 1, `padding` at least 0.
    """
    # solution
    room = size + 2 * padding - kernel
    if room < 0:
        raise ValueError(
            f"a kernel of {kernel} does not fit into {size} + 2 * {padding}: pad more, or take a smaller one"
        )
    return room // stride + 1


if __name__ == "__main__":
    if tests.test_output_size(output_size):
        print("224 pixels, kernel 7, stride 2, padding 3:", output_size(224, 7, 2, 3))


# %% [markdown] lang="zh" tags=["hint"]
# 第 0 个窗口放好以后，还剩几格可以走？什么时候剩的是负数？
# %% [markdown] lang="en" tags=["hint"]
# With window 0 in place, how many places are left to walk? When is that number negative?
# %% [markdown] lang="zh" tags=["hint"]
# 整除 `//` 去掉小数；可是 `-1 // 2` 是 -1，所以要先检查负数。
# %% [markdown] lang="en" tags=["hint"]
# `//` drops the fraction; but `-1 // 2` is -1, so check for a negative number first.
# %% [markdown] lang="zh"
# ### 填充不是视图
# 添的数不在 `x` 的存储里，没有哪组步长读得出来，所以填充要新的内存：造一个装满 `pad_value` 的张量，再把 `x` 写进中间。
# `x.new_full(shape, value)` 造出来的，dtype 和设备与 `x` 相同；`torch.full` 不看 `x`，dtype 由填的数决定：填小数是默认的 float32，填整数是 int64。
# 往切片里写，梯度照样回得到 `x`。
# 中间那一段怎样写？左边添 1 个，右边一个也不添，很多人写 `[1:-0]`。
# %% [markdown] lang="en"
# ### Padding is no view
# The numbers that are added aren't in the storage of `x`, and no strides could read them; so padding takes new memory: make a tensor full of `pad_value`, and write `x` into its middle.
# `x.new_full(shape, value)` makes a tensor with the dtype and the device of `x`; `torch.full` doesn't look at `x`, and takes the dtype from the value: the default float32 for a float, int64 for an int.
# If you write `x` into a slice, gradients still get back to it.
# How do you write the middle? To add one on the left and none on the right, many write `[1:-0]`.
# %% [markdown] lang="zh" tags=["question"] see="pad1d"
# 先预测，再运行：`torch.arange(5)[1:-0]` 是什么？
# %% [markdown] lang="en" tags=["question"] see="pad1d"
# Predict, then run: what is `torch.arange(5)[1:-0]`?
# %% [markdown] lang="zh" tags=["answer"]
# 空的：`-0` 就是 0，从 1 到 0 什么也没有。
# 别从右边倒着数，终点写成“开头加长度”。
# %% [markdown] lang="en" tags=["answer"]
# Empty: `-0` is 0, and from 1 to 0 there is nothing.
# Don't count from the right; write the end as the start plus the length.
# %%
if __name__ == "__main__":
    print("[1:-0]:", torch.arange(5)[1:-0].tolist(), "- [1:1 + 4]:", torch.arange(5)[1 : 1 + 4].tolist())
    x = torch.zeros(2, dtype=torch.float64)
    print("new_full:", x.new_full((3,), 7).dtype, "- torch.full:", torch.full((3,), 7.0).dtype)


# %% [markdown] lang="zh"
# ### 练习 · 一维填充 · 10 分钟
# 每一行前面添 `left` 个、后面添 `right` 个 `pad_value`（都不是负的，可以是 0）：`[1, 0, 3]` 前添 1 个、后添 2 个 9，得到 `[9, 1, 0, 3, 9, 9]`。
# `pad_value` 可以是整数，也可以是 `-math.inf`。结果的 dtype 和设备与 `x` 相同，梯度要能回到 `x`；填的数也要有 `x` 的精度：float64 的 0.1 经过一次 float32，小数第九位起就错了，再转回 float64 也找不回来。
# 只有这个练习和下一个不许用 `F.pad`（和 `nn.ConstantPad1d` 之类）；拼接（`torch.cat`）可以。
# %% [markdown] lang="en"
# ### Exercise · padding one dimension · 10 min
# Put `pad_value` before each row `left` times and after it `right` times (neither is negative, each may be 0): `[1, 0, 3]` with one 9 before and two after is `[9, 1, 0, 3, 9, 9]`.
# `pad_value` may be an int, or `-math.inf`. The result has the dtype and device of `x`, and gradients get back to `x`; the border is as precise as `x`: for float64, a 0.1 that went through float32 is wrong from the ninth decimal on, and going back to float64 doesn't bring the digits back.
# In this exercise and the next one, and only there, `F.pad` (or `nn.ConstantPad1d` and the like) is forbidden; `torch.cat` is allowed.
# %% exercise="pad1d" difficulty=2 importance=3 minutes=10
def pad1d(
    x: Float[Tensor, "batch c width"], left: int, right: int, pad_value: float
) -> Float[Tensor, "batch c padded"]:
    """`x` with so many `pad_value` put before and after each row; `pad_value` may be an int too."""
    # solution
    batch, c, width = x.shape
    padded = x.new_full((batch, c, left + width + right), pad_value)
    padded[..., left : left + width] = x
    return padded


if __name__ == "__main__":
    tests.test_pad1d(pad1d)


# %% [markdown] lang="zh" tags=["hint"]
# 新的形状是什么？`x` 占其中的哪一段？
# %% [markdown] lang="en" tags=["hint"]
# What is the new shape, and which part of it does `x` fill?
# %% [markdown] lang="zh" tags=["hint"]
# 先 `x.new_full(…)`，再往切片里写；切片从 `left` 开始，到 `left + width` 为止。
# %% [markdown] lang="en" tags=["hint"]
# First `x.new_full(…)`, then write into a slice, from `left` to `left + width`.
# %% [markdown] lang="zh"
# ### 练习 · 二维填充 · 10 分钟
# 在每张图四周添 `pad_value`，参数的顺序是左、右、上、下；规矩与 `pad1d` 相同，`F.pad` 也不许用。
# 例如 3×2 的图，左 1、右 2、上 1、下 0，得到 4×5。
# %% [markdown] lang="en"
# ### Exercise · padding two dimensions · 10 min
# Put `pad_value` around each image; the arguments' order is left, right, top, bottom; the rules are those of `pad1d`, without `F.pad`.
# A picture of 3×2, for example, with 1 on the left, 2 on the right, 1 on top and 0 at the bottom becomes 4×5.
# %% exercise="pad2d" difficulty=2 importance=3 minutes=10
def pad2d(
    x: Float[Tensor, "batch c height width"], left: int, right: int, top: int, bottom: int, pad_value: float
) -> Float[Tensor, "batch c padded_h padded_w"]:
    """`x` with a border of `pad_value`, which may be an int too, around each image."""
    # solution
    batch, c, height, width = x.shape
    padded = x.new_full((batch, c, top + height + bottom, left + width + right), pad_value)
    padded[..., top : top + height, left : left + width] = x
    return padded


if __name__ == "__main__":
    tests.test_pad2d(pad2d)


# %% [markdown] lang="zh" tags=["hint"]
# 左、右属于哪个轴，上、下属于哪个轴？
# %% [markdown] lang="en" tags=["hint"]
# Which axis do left and right belong to, and which top and bottom?
# %% [markdown] lang="zh" tags=["hint"]
# 写进去的切片有两段：倒数第二个轴从 `top` 开始，最后一个轴从 `left` 开始，各取原来的长度。
# %% [markdown] lang="en" tags=["hint"]
# The slice to write has two ranges: from `top` along the last axis but one, from `left` along the last, each with the old length.
# %% [markdown] lang="zh"
# ### 练习 · 一维卷积 · 15 分钟
# 与 `torch.conv1d(x, weights, stride=stride, padding=padding)` 相同，两端各填 `padding` 个 0；核放不下或通道数不同就报错；这里 `F.pad` 可以用，循环也可以。
# 例如信号是 1、2、4、8、16、32，核是 $(1, 0, -3)$，步幅 2：窗口是 `1 2 4` 和 `4 8 16`，结果是 $1 - 12 = -11$ 和 $4 - 48 = -44$。
# 窗口之间跳 `stride` 个元素，窗口里面仍然一个挨一个：所以视图的步长里只有一个要乘，哪一个？
# 填充以后是一块新内存，每行多了 $2p$ 个数，通道和批次的步长要按新的长度算，最里面的是 1；拿填充前的旧步长去读，多半不报错，只是数错了；只用一个连续的信号、一个通道去试，结果碰巧是对的，错就看不出来。
# %% [markdown] lang="en"
# ### Exercise · convolution in one dimension · 15 min
# The same as `torch.conv1d(x, weights, stride=stride, padding=padding)`, with `padding` zeros at either end; raise an error if the kernel doesn't fit or the numbers of channels differ; here `F.pad` is allowed, and so are loops.
# For example, with the signal 1, 2, 4, 8, 16, 32, the kernel $(1, 0, -3)$ and stride 2 the windows are `1 2 4` and `4 8 16`, and the result is $1 - 12 = -11$ and $4 - 48 = -44$.
# From window to window you jump by `stride` elements; inside a window they are still side by side: so only one of the view's strides is multiplied, and which?
# The padded tensor lies in a new block, where each row is $2p$ longer: the strides of channel and batch follow from the new length, and the innermost is 1. Strides that were read before the padding mostly raise no error and give wrong numbers; if you try it only on one contiguous signal of one channel, the result happens to be right, and you don't notice.
# %% exercise="conv1d" difficulty=3 importance=4 minutes=15
def conv1d(
    x: Float[Tensor, "batch c_in width"], weights: Float[Tensor, "c_out c_in k"], stride: int = 1, padding: int = 0
) -> Float[Tensor, "batch c_out out"]:
    """What `torch.conv1d(x, weights, stride=stride, padding=padding)` returns; an error where the kernel doesn't fit."""
    require_same_channels(x, weights)
    # solution
    (batch, c_in, width), k = x.shape, weights.shape[-1]
    out = output_size(width, k, stride, padding)
    x = pad1d(x, left=padding, right=padding, pad_value=0.0)
    by_batch, by_channel, by_pixel = x.stride()
    windows = x.as_strided((batch, c_in, out, k), (by_batch, by_channel, stride * by_pixel, by_pixel))
    return einops.einsum(windows, weights, "batch c_in out k, c_out c_in k -> batch c_out out")


if __name__ == "__main__":
    if tests.test_conv1d(conv1d):
        signal = torch.tensor([[[1.0, 2, 4, 8, 16, 32]]])
        print("stride 2:", conv1d(signal, torch.tensor([[[1.0, 0, -3]]]), stride=2).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 三步：算个数，填充，再像 `conv1d_minimal` 那样取窗口。哪一步会替你报“放不下”的错？
# %% [markdown] lang="en" tags=["hint"]
# Three steps: the number of windows, the padding, the windows as in `conv1d_minimal`. Which of them raises the error if the kernel doesn't fit?
# %% [markdown] lang="zh" tags=["hint"]
# 步长要从填充*以后*的 `x` 取：填充是新的内存，原来的步长不再算数。
# %% [markdown] lang="en" tags=["hint"]
# Take the strides from the *padded* `x`: padding is new memory, and the old strides no longer hold.
# %% [markdown] lang="zh" tags=["hint"]
# `out` 那个轴的步长乘 `stride`，`k` 那个轴的不乘。
# %% [markdown] lang="en" tags=["hint"]
# Multiply the stride of axis `out` by `stride`, and leave that of axis `k`.
# %% [markdown] lang="zh" numbers="4 6 10 12"
# ### 卷积写成一次矩阵乘法
# 第 4 节说，时间多半花在搬数上，而 `@` 是优化得最好的运算之一。那就把卷积变成一次 `@`：
# 把每个窗口展平成一列，所有的列排成一个矩阵；每个核展平成一行。行乘列，正好是内积。
# 一批图就有一批这样的矩阵：`@` 只看最后两个轴，前面的批次轴照广播的规矩对齐。
# 这个办法叫 im2col（image to columns，图像变成列）；`part0_drills_data` 里有造这张表的练习，下面来算一算它的代价。
#
# 手算：3×3 的 0 到 8，核的两行是 $(1, 0)$ 和 $(0, 1)$，展平成 $(1, 0, 0, 1)$。
#
# | 核里的位置 | 窗口 0,0 | 0,1 | 1,0 | 1,1 |
# |---|---|---|---|---|
# | 0,0 | 0 | 1 | 3 | 4 |
# | 0,1 | 1 | 2 | 4 | 5 |
# | 1,0 | 3 | 4 | 6 | 7 |
# | 1,1 | 4 | 5 | 7 | 8 |
# | 内积 | 4 | 6 | 10 | 12 |
#
# 这张表一般做不成视图：窗口里的行和列要并成一个轴，步长是 $(3, 1)$，而一行在窗口里只有 2 格，$3 \ne 2 \cdot 1$。所以要拷贝，9 个像素变成 16 个数。
# 核是 3×3、步幅是 1 时，每个像素最多抄 9 遍；图比核大得多，内存就差不多是 9 倍。
# %% [markdown] lang="en" numbers="4 6 10 12"
# ### A convolution as one matrix product
# Section 4 said that most of the time goes into moving numbers, and that `@` is among the best tuned operations. So turn the convolution into one `@`:
# flatten each window into a column, and put all columns into one matrix; flatten each kernel into a row. A row times a column is the inner product.
# A batch of images makes a batch of such matrices: `@` looks at the last two axes only, and broadcasts the batch axis before them.
# This is called **im2col**, image to columns; `part0_drills_data` has a drill that makes such a table, and now you see what it costs.
#
# By hand: the numbers 0 to 8 in 3×3, and a kernel with the rows $(1, 0)$ and $(0, 1)$, flattened $(1, 0, 0, 1)$.
#
# | place in the kernel | window 0,0 | 0,1 | 1,0 | 1,1 |
# |---|---|---|---|---|
# | 0,0 | 0 | 1 | 3 | 4 |
# | 0,1 | 1 | 2 | 4 | 5 |
# | 1,0 | 3 | 4 | 6 | 7 |
# | 1,1 | 4 | 5 | 7 | 8 |
# | inner product | 4 | 6 | 10 | 12 |
#
# In general the table can't be a view: it merges a window's rows and columns into one axis; their strides are $(3, 1)$, but a row of the window has only 2 cells, and $3 \ne 2 \cdot 1$. So it is copied, and 9 pixels become 16 numbers.
# With a kernel of 3×3 and stride 1 each pixel is copied up to 9 times; if the image is much larger than the kernel, the table takes about 9 times the memory.
# %% [markdown] lang="zh" tags=["question"] see="conv2d"
# 下一格给三种写法计时：对每个位置循环；im2col 加一次 `@`；PyTorch 自己的 `F.conv2d`。三者做的乘法一样多：$8 \cdot 32 \cdot 26 \cdot 26$ 个输出，每个 $16 \cdot 3 \cdot 3$ 次，将近两千五百万次。先猜时间各差几倍，再运行。
# %% [markdown] lang="en" tags=["question"] see="conv2d"
# The next cell times three ways: a loop over all places; im2col and one `@`; PyTorch's own `F.conv2d`. All three do equally many multiplications: $8 \cdot 32 \cdot 26 \cdot 26$ outputs with $16 \cdot 3 \cdot 3$ each, nearly 25 million. Guess the ratios, then run.
# %% [markdown] lang="zh" tags=["answer"]
# 在我们的机器上，循环比 im2col 慢几十到几百倍（视线程数而定），im2col 又比 `F.conv2d` 慢两到四倍。
# 循环每一步都要经过 Python，还要写下一张积的表；im2col 抄出的数将近原来的 8 倍（边上的像素抄得少，所以不到 9 倍），却换来一次 `@`，划算。
# `F.conv2d` 更进一步：它按大小挑选算法，多半不必写下整张表。
# %% [markdown] lang="en" tags=["answer"]
# On our machine the loop takes dozens to hundreds of times as long as im2col (it depends on the number of threads), and im2col two to four times as long as `F.conv2d`.
# Each step of the loop goes through Python and writes down a table of products; im2col copies the image to nearly 8 times as many numbers (pixels at the border are copied less often, so it isn't 9), but gets one `@` in return, and that pays.
# `F.conv2d` goes further: it picks a method by size, and mostly needn't write down the whole table.
# %%
def conv2d_by_places(x: Tensor, weights: Tensor) -> Tensor:
    """One place of the output after the other, for kernels of 3 by 3."""
    y = x.new_empty(len(x), len(weights), x.shape[2] - 2, x.shape[3] - 2)  # dtype of x; filled below
    for i, j in np.ndindex(y.shape[2], y.shape[3]):
        y[:, :, i, j] = (x[:, None, :, i : i + 3, j : j + 3] * weights).sum(dim=(2, 3, 4))
    return y


if __name__ == "__main__":
    picture, kernel = torch.arange(9.0).reshape(1, 1, 3, 3), torch.tensor([[[[1.0, 0], [0, 1]]]])
    table = F.unfold(picture, 2)  # ready-made columns
    print("rows times columns:", (kernel.flatten(1) @ table).int().tolist())
    figures.columns(picture[0, 0], 2, 2).show()
    x, weights = torch.rand(8, 16, 28, 28), torch.rand(32, 16, 3, 3)
    for name, work in {
        "loop over places": lambda: conv2d_by_places(x, weights),
        "im2col and @": lambda: weights.flatten(1) @ F.unfold(x, 3),
        "F.conv2d": lambda: F.conv2d(x, weights),
    }.items():
        print(f"{name:17} {milliseconds(work):8.2f} ms")


# %% [markdown] lang="zh"
# ### 练习 · 二维卷积 · 30 分钟
# 与 `torch.conv2d(x, weights, stride=stride, padding=padding)` 相同；步幅和填充是一个数，或者一对（高，宽），一对是 `tuple`。核放不下或通道数不同就报错。
# 这一次要快：im2col 多抄了一些数，却省下 Python 的循环，换来一次 `@`；上一格的时间说明这很划算。*不许循环*（推导式也算）：位置、核、通道、图都不许；唯一可以的，是对高和宽这两个方向各做一次同样的事，比如算两个个数。测试会数你用了几次 torch，函数、方法、运算符、切片、读 `x.shape` 都算一次，只碰 Python 数的不算；图、核、通道更多或更大时，次数不许变多。`F.pad`（四个数依次是左、右、上、下）、`F.unfold` 可以用。
# 推荐的路：取视图 `batch c_in kh kw out_h out_w`，并成 `batch (c_in kh kw) (out_h out_w)`（这一步拷贝），从左边乘上 `c_out (c_in kh kw)` 的权重，再把最后一个轴拆开。
# 例如 `8 3 32 32` 的图、`16 3 5 5` 的核，步幅 2、填充 2，得到 `8 16 16 16`。
# 自己试的时候，图的高与宽、核的高与宽、两个方向的步幅和填充都取得不同，数用随机的：正方形的图配正方形的核，高与宽写反了也看不出来；对称的核，连两个轴写反了也看不出来。
# %% [markdown] lang="en"
# ### Exercise · convolution in two dimensions · 30 min
# The same as `torch.conv2d(x, weights, stride=stride, padding=padding)`; stride and padding are a number or a pair (height, width), and a pair is a `tuple`. Raise an error if the kernel doesn't fit or the numbers of channels differ.
# This time it must be fast: im2col copies more numbers, but saves the loop in Python and gets one `@` in return; the times above show that this pays. *No loops* (comprehensions count too), neither over places nor kernels, channels or images; the only one allowed does the same thing for each of the two directions, height and width, such as the two sizes of the output. The test counts how often you use torch (functions, methods, operators, slices, reading `x.shape`; what touches only Python's numbers doesn't count), and with more or larger images, kernels or channels it must not be more often. `F.pad` (its four numbers are left, right, top, bottom) and `F.unfold` are allowed.
# A good way: take a view `batch c_in kh kw out_h out_w`, merge it to `batch (c_in kh kw) (out_h out_w)` (this copies), multiply from the left by the weights as `c_out (c_in kh kw)`, and split the last axis again.
# Images `8 3 32 32` and kernels `16 3 5 5` with stride 2 and padding 2, for example, give `8 16 16 16`.
# When you try it out, let height and width differ, in images, in kernels, in stride and in padding, and take random numbers: with a square image and a square kernel you don't notice when height and width are mixed up, and with a symmetric kernel you don't notice when the kernel's own two axes are.
# %% exercise="conv2d" difficulty=4 importance=5 minutes=30
def conv2d(
    x: Float[Tensor, "batch c_in height width"],
    weights: Float[Tensor, "c_out c_in kh kw"],
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
) -> Float[Tensor, "batch c_out out_h out_w"]:
    """What `torch.conv2d(x, weights, stride=stride, padding=padding)` returns; an error where the kernel doesn't fit.

    Pairs are (height, width).
    """
    require_same_channels(x, weights)
    # solution
    (batch, c_in, height, width), (kh, kw) = x.shape, weights.shape[-2:]
    (stride_h, stride_w), (pad_h, pad_w) = pair(stride), pair(padding)
    out_h, out_w = output_size(height, kh, stride_h, pad_h), output_size(width, kw, stride_w, pad_w)
    if pad_h or pad_w:
        x = pad2d(x, left=pad_w, right=pad_w, top=pad_h, bottom=pad_h, pad_value=0.0)
    by_batch, by_channel, by_row, by_col = x.stride()
    strides = (by_batch, by_channel, by_row, by_col, stride_h * by_row, stride_w * by_col)
    windows = x.as_strided((batch, c_in, kh, kw, out_h, out_w), strides)
    columns = einops.rearrange(windows, "batch c_in kh kw out_h out_w -> batch (c_in kh kw) (out_h out_w)")
    y = weights.flatten(start_dim=1) @ columns
    return einops.rearrange(y, "batch c_out (out_h out_w) -> batch c_out out_h out_w", out_h=out_h, out_w=out_w)


if __name__ == "__main__":
    if tests.test_conv2d(conv2d):
        x, weights = torch.rand(8, 16, 28, 28), torch.rand(32, 16, 3, 3)
        ours, theirs = (milliseconds(lambda f=f: f(x, weights)) for f in (conv2d, F.conv2d))
        print(f"yours {ours:.2f} ms, F.conv2d {theirs:.2f} ms")


# %% [markdown] lang="zh" tags=["hint"]
# 六个轴里，哪四个走的是填充后 `x` 自己的步长，哪两个要乘步幅？
# %% [markdown] lang="en" tags=["hint"]
# Of the six axes, which four walk by the padded `x`'s own strides, and which two by a multiple?
# %% [markdown] lang="zh" tags=["hint"]
# 权重展平成二维，列是三维：`@` 把批次那个轴自动广播。展平的顺序要与列的 `(c_in kh kw)` 一致。
# %% [markdown] lang="en" tags=["hint"]
# The weights are flattened to two axes, the columns have three: `@` broadcasts the batch. The order of flattening must be that of the columns, `(c_in kh kw)`.
# %% [markdown] lang="zh" tags=["hint"]
# 最后把 `(out_h out_w)` 拆开，用 `einops.rearrange` 或 `reshape`；个数由 `output_size` 给出，高、宽各一次。
# %% [markdown] lang="en" tags=["hint"]
# At the end split `(out_h out_w)` by `einops.rearrange` or `reshape`; `output_size` gives the numbers, once for the height and once for the width.
# %% [markdown] lang="zh" tags=["question"] see="conv2d"
# `conv2d_minimal` 对六维视图直接 `einsum`，没有写出那张表。这样省下内存了吗？想好以后，运行 `python benchmarks/convolution.py --quick`，它把三种写法并排计时。
# **读物**：Sharan Chetlur 等，*cuDNN: Efficient Primitives for Deep Learning*（英文，第 3 节），讲显卡上的卷积怎样不写下整张表；读完请回答：它把列放在哪里，一次放多少？
# %% [markdown] lang="en" tags=["question"] see="conv2d"
# `conv2d_minimal` gives its view of six axes to `einsum`, and never writes that table. Does that save the memory? Decide first, then run `python benchmarks/convolution.py --quick`, which times three ways side by side.
# **Reading**: Sharan Chetlur and others, *cuDNN: Efficient Primitives for Deep Learning* (in English, section 3), explains how a graphics card computes a convolution without storing the whole table; then say: where does it keep the columns, and how many at a time?
# %% [markdown] lang="zh" tags=["answer"]
# 没有省：`einsum` 内部也要先拷贝成矩阵，再相乘，只是各轴的顺序由它定。
# 上面练习推荐的顺序让 `out_w` 在最里面，拷贝时沿着整行走，所以往往更快。
# 文章里：列的一小块放在紧挨着显卡处理器的高速内存里，算完就换下一块。
# %% [markdown] lang="en" tags=["answer"]
# It doesn't: inside, `einsum` also copies the numbers into a matrix before it multiplies; only the order of the axes is its own.
# The order that the exercise suggests has `out_w` innermost, so the copy runs along whole rows, and is often faster.
# In the paper a small tile of the columns is kept in fast memory close to the card's processors, and replaced by the next when it is done.
# %% [markdown] lang="zh" numbers="5 5 4 4"
# ## 7 · 最大池化
# ### 错开的视图
# 每个窗口取最大的数。可以取第 5 节那样的六维视图 `b c out_h out_w kh kw`（不占内存），对最后两个轴取最大；也可以换个方向：
# 把每个窗口的第 0 个元素排成一个视图，第 1 个元素排成另一个，……一共 `kernel` 个，彼此错开一格，再逐项比大小。
# 手算：$1, 5, 2, 3, 4, 0$，窗口长 3，步幅 1。三个视图是 $(1, 5, 2, 3)$、$(5, 2, 3, 4)$、$(2, 3, 4, 0)$，逐项最大是 $5, 5, 4, 4$。
# 循环只走 `kernel` 次，与图多大无关。
#
# 这一节不许用现成的池化：`F.max_pool1d`、`F.max_pool2d`、`nn.MaxPool2d`、`adaptive_max_pool` 等等；其余都可以，包括 `unfold`、`amax` 和 `F.pad`。
# %% [markdown] lang="en" numbers="5 5 4 4"
# ## 7 · Max pooling
# ### Views shifted by one
# Take the largest number of each window. You may take a view of six axes as in section 5, `b c out_h out_w kh kw` (it takes no memory), and the maximum over the last two; or go the other way:
# element 0 of every window forms one view, element 1 of every window another, and so on: `kernel` views, each shifted by one; then compare them term by term.
# By hand: $1, 5, 2, 3, 4, 0$ in windows of 3, stride 1. The three views are $(1, 5, 2, 3)$, $(5, 2, 3, 4)$ and $(2, 3, 4, 0)$, and their maximum term by term is $5, 5, 4, 4$.
# The loop runs only `kernel` times, however large the picture is.
#
# In this section ready-made pooling is forbidden: `F.max_pool1d`, `F.max_pool2d`, `nn.MaxPool2d`, `adaptive_max_pool` and the like; everything else is allowed, including `unfold`, `amax` and `F.pad`.
# %%
if __name__ == "__main__":
    x = torch.tensor([1.0, 5, 2, 3, 4, 0])
    best = torch.maximum(torch.maximum(x[0:4], x[1:5]), x[2:6])
    print("three shifted views:", best.int().tolist())


# %% [markdown] lang="zh"
# ### 练习 · 沿一维取最大 · 15 分钟
# 沿 `dim` 轴，在每个长 `kernel`、步幅 `stride` 的窗口里取最大；别的轴不变。没有填充；`dim` 可以从末尾数（-1、-2）。
# 例如 $1, 5, 2, 3, 4, 0$，`kernel` 3、`stride` 1，得到 5、5、4、4；`stride` 是 2，得到 5、4。
# 窗口里有 NaN，结果就是 NaN（`torch.maximum` 正是这样）；`inf` 和 `-inf` 也要对。`kernel` 从 1 到那个轴的长度；结果可以与 `x` 共用内存。
# %% [markdown] lang="en"
# ### Exercise · the maximum along one axis · 15 min
# Along axis `dim` take the maximum of each window of length `kernel`, moved by `stride`; the other axes stay as they are. There is no padding; `dim` may count from the end (-1, -2).
# For example, $1, 5, 2, 3, 4, 0$ with `kernel` 3 and `stride` 1 gives 5, 5, 4, 4; with `stride` 2 it gives 5, 4.
# A window that holds NaN gives NaN (`torch.maximum` does just that); `inf` and `-inf` must be right, too. `kernel` is from 1 to the length of the axis; the result may share memory with `x`.
# %% exercise="max_along" difficulty=3 importance=3 minutes=15
def max_along(x: Float[Tensor, "..."], kernel: int, stride: int, dim: int) -> Float[Tensor, "..."]:
    """The maximum of each window along axis `dim`, which may count from the end; the other axes stay.

    A window that holds NaN gives NaN. `kernel` is from 1 to the length of the axis.
    """
    # solution
    size, steps = list(x.shape), list(x.stride())
    size[dim] = output_size(x.shape[dim], kernel, stride)
    steps[dim] *= stride
    starts = [x.storage_offset() + i * x.stride(dim) for i in range(kernel)]
    best = x.as_strided(size, steps, starts[0])
    for start in starts[1:]:
        best = torch.maximum(best, x.as_strided(size, steps, start))
    return best


if __name__ == "__main__":
    if tests.test_max_along(max_along):
        print("stride 2:", max_along(torch.tensor([1.0, 5, 2, 3, 4, 0]), kernel=3, stride=2, dim=0).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 第 $i$ 个视图与第 0 个视图相比，什么变了，什么没变？
# %% [markdown] lang="en" tags=["hint"]
# What is different between view $i$ and view 0, and what is the same?
# %% [markdown] lang="zh" tags=["hint"]
# 除了 `dim` 那个轴，形状和步长都与 `x` 相同；`dim` 的长度是 `output_size`，步长乘 `stride`。
# %% [markdown] lang="en" tags=["hint"]
# Except along `dim`, shape and strides are those of `x`; along `dim` the length is `output_size`, and the stride is multiplied by `stride`.
# %% [markdown] lang="zh" tags=["hint"]
# 第 $i$ 个视图只有偏移量不同：多走 $i$ 个 `x.stride(dim)`。
# %% [markdown] lang="en" tags=["hint"]
# View $i$ differs only in its offset: $i$ times `x.stride(dim)` more.
# %% [markdown] lang="zh" numbers="4 6 8"
# ### 两个方向，分两步
# 高 $h$ 宽 $w$ 的窗口，最大值可以分两步：先求每一列的最大，再求这些最大的最大。
# 一步到位，每个窗口要比 $hw - 1$ 次。
# 分两步：窗口每次右移 $t$ 列，就只有 $t$ 列是新的；每个新列比 $h - 1$ 次，窗口里再横着比 $w - 1$ 次，一共 $(h - 1)\,t + w - 1$（$t \le w$；最左边的窗口每一列都是新的，不算在内）。
# 手算 3×3：一步到位是 8 次；分两步，$t = 1$ 时 $2 + 2 = 4$ 次，$t = 2$ 时 6 次，$t = 3$ 时 8 次。
# 窗口横着重叠，列才能共用；互不重叠时一次也不省，但是仍然只要写一维的代码。
# %% [markdown] lang="en" numbers="4 6 8"
# ### Two directions in two steps
# For a window of height $h$ and width $w$ the maximum comes in two steps: the largest of each column, then the largest of those.
# In one step each window takes $hw - 1$ comparisons.
# In two: a window that moves $t$ columns to the right brings $t$ new ones, with $h - 1$ comparisons each; then $w - 1$ sideways within the window; together $(h - 1)\,t + w - 1$ (for $t \le w$, and not counting the leftmost window, whose columns are all new).
# By hand for 3×3: in one step 8; in two steps $2 + 2 = 4$ for $t = 1$, then 6 for $t = 2$, and 8 for $t = 3$.
# Columns are shared only where windows overlap sideways; where they don't, nothing is saved, but you still need code for one axis only.
# %% [markdown] lang="zh" tags=["question"] see="maxpool2d"
# 最大池化常带填充。图里全是负数，填充若用 0，池化以后边上会是什么？先预测，再运行。
# %% [markdown] lang="en" tags=["question"] see="maxpool2d"
# Max pooling often comes with padding. If a picture is all negative and padded by 0, what is at its border after pooling? Predict, then run.
# %% [markdown] lang="zh" tags=["answer"]
# 是 0：填的数比图里的都大，赢了，可是图里并没有它。
# 填充的数永远不该赢，所以要用 $-\infty$；`F.max_pool2d` 就是这样。
# %% [markdown] lang="en" tags=["answer"]
# It is 0: the padding is larger than all of the picture, and wins, though the picture doesn't contain it.
# The padding must never win, so it must be $-\infty$; `F.max_pool2d` does it that way.
# %%
if __name__ == "__main__":
    for t in (1, 2, 3):
        columns = 1000 * 3000  # 1000 rows of windows across a picture 3000 wide: a column for each place
        windows = 1000 * ((3000 - 3) // t + 1)
        comparisons = 2 * columns + 2 * windows  # h - 1 = 2 for each column, w - 1 = 2 for each window
        print(f"stride {t}: {comparisons / windows:.0f} comparisons per window")
    cold = -torch.ones(1, 1, 2, 2)
    print("padded by 0:", F.max_pool2d(F.pad(cold, (1, 1, 1, 1)), 2).tolist())  # left, right, top, bottom
    print("by F.max_pool2d:", F.max_pool2d(cold, 2, padding=1).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 最大池化 · 15 分钟
# 与 `F.max_pool2d(x, kernel_size, stride, padding)` 相同；三个参数都是一个数，或者一对（高，宽），一对是 `tuple`。
# 没有给 `stride` 时，它等于 `kernel_size`。例如三行 `1 2 9 4`、`8 3 5 7`、`0 6 1 1`，`kernel_size` 是 2，得到 8 和 9。
# 填充的数永远不该赢，哪怕 `x` 全是负的，或者全是 `-inf`（这时不看梯度）：填 $-\infty$。卷积却要填 0，加到和里不起作用；填 $-\infty$，乘上 0 就是 NaN。
# 窗口里有 NaN，结果就是 NaN。填充最多是核的一半，核总放得下。
# %% [markdown] lang="en"
# ### Exercise · max pooling · 15 min
# The same as `F.max_pool2d(x, kernel_size, stride, padding)`; all three are a number or a pair (height, width), and a pair is a `tuple`.
# If `stride` isn't given, it is the `kernel_size`. The three rows `1 2 9 4`, `8 3 5 7`, `0 6 1 1`, for example, give 8 and 9 with a `kernel_size` of 2.
# The padding must never win, even if `x` is all negative, or all `-inf` (where the gradient isn't judged): pad with $-\infty$. A convolution pads with 0, which adds nothing to the sum; with $-\infty$, a weight of 0 would give NaN.
# A window that holds NaN gives NaN. The padding is at most half the kernel, and the kernel always fits.
# %% exercise="maxpool2d" difficulty=3 importance=4 minutes=15
def maxpool2d(
    x: Float[Tensor, "batch c height width"],
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
) -> Float[Tensor, "batch c out_h out_w"]:
    """What `F.max_pool2d(x, kernel_size, stride, padding)` returns, for a padding of at most half the kernel.

    Pairs are (height, width); a window that holds NaN gives NaN.
    """
    # solution
    kernel, (pad_h, pad_w) = pair(kernel_size), pair(padding)
    step = kernel if stride is None else pair(stride)
    if pad_h or pad_w:
        x = pad2d(x, left=pad_w, right=pad_w, top=pad_h, bottom=pad_h, pad_value=-math.inf)
    for dim in (-2, -1):
        x = max_along(x, kernel[dim], step[dim], dim)
    return x


if __name__ == "__main__":
    if tests.test_maxpool2d(maxpool2d):
        image = figures.lighthouse()
        figures.pooled(image, maxpool2d(image[None, None], (4, 2))[0, 0]).show()

# %% [markdown] lang="zh" tags=["hint"]
# 三步：填充，沿高取最大，沿宽取最大。哪个练习做其中的两步？
# %% [markdown] lang="en" tags=["hint"]
# Three steps: pad, the maximum along the height, the maximum along the width. Which exercise does two of them?
# %% [markdown] lang="zh" tags=["hint"]
# 用 `-math.inf` 填充；没有填充时跳过这一步就行。
# %% [markdown] lang="en" tags=["hint"]
# Pad with `-math.inf`; without padding you may skip that step.
# %% [markdown] lang="zh" tags=["hint"]
# 一对数的下标 -2 是高，-1 是宽，与轴的编号一致：对 `dim in (-2, -1)` 循环。
# %% [markdown] lang="en" tags=["hint"]
# In a pair, index -2 is the height and -1 the width, like the axes: loop over `dim in (-2, -1)`.
# %% [markdown] lang="zh" numbers="0.5"
# ### 并列时梯度归谁
# 窗口里有两个一样大的最大值，例如 3 和 3。把第一个调大一点，最大值跟着变大，斜率 1；调小一点，最大值不变，斜率 0。
# 左右两边的斜率不同，这一点没有导数；0 与 1 之间的任何斜率都可以代替它，只要两个数的斜率加起来是 1；这叫次梯度（subgradient）。
# `torch.maximum` 比的是两个数，平分，各 0.5；`F.max_pool2d` 全给第一个。没有并列时两者相同。
# ReLU 之后有许多 0，并列并不少见；两种都是合理的选择。
# %% [markdown] lang="en" numbers="0.5"
# ### Who gets the gradient of a tie
# Suppose a window holds its maximum twice, 3 and 3. Make the first one a little larger, and the maximum grows with it, slope 1; make it a little smaller, and the maximum stays, slope 0.
# The slopes on the two sides differ, and there is no derivative; any slope between 0 and 1 may take its place, as long as the slopes of the two numbers add up to 1; this is called a **subgradient**.
# `torch.maximum` compares two numbers and gives 0.5 to each; `F.max_pool2d` gives all to the first. Without ties they agree.
# After a ReLU there are many zeros, so ties are not rare; either choice is valid.
# %%
if __name__ == "__main__":
    x = torch.tensor([3.0, 3.0], requires_grad=True)
    (shared,) = torch.autograd.grad(torch.maximum(x[0], x[1]), x)
    (first,) = torch.autograd.grad(F.max_pool1d(x[None], 2).sum(), x)
    print("maximum:", shared.tolist(), "- max_pool1d:", first.tolist())


# %% [markdown] lang="zh" tags=["question"] see="maxpool2d"
# 卷积也能拆成先高后宽两步吗？拿三个 3×3 的核试试：三行都是 $(-1, 0, 1)$；对角线上是 1，别处是 0；一列 $(1, 2, 1)$ 乘一行 $(1, 2, 1)$，中间重、两边轻。能一次拆成两步的，正是一列乘一行的核：每一行都是同一行的倍数，秩（rank）是 1；秩这样数：只要有一行能由其余的行按倍数相加得到，就去掉这一行；一行一行地去，直到不能再去，还剩几行，秩就是几。先预测哪几个能拆，再运行。
# %% [markdown] lang="en" tags=["question"] see="maxpool2d"
# Can a convolution be split in this way, the height first and then the width? Take three kernels of 3×3: three rows $(-1, 0, 1)$; 1 on the diagonal and 0 elsewhere; the column $(1, 2, 1)$ times the row $(1, 2, 1)$, heavy in the middle. A kernel can be split once into two steps exactly if it is a column times a row: every row is a multiple of one row, and the rank is 1. To count the rank, drop one row that is a sum of multiples of the other rows, then look again, until no row can be dropped: the rank is the number of rows left. Predict which can be split, then run.
# %% [markdown] lang="zh" tags=["answer"]
# 第一个和第三个：它们是一列乘一行，矩阵的秩是 1。拆开以后，每个像素 3 + 3 次乘法，而不是 9 次。
# 对角线的秩是 3，一次拆不了；学出来的核大多如此，所以一般的卷积没有这条捷径。
# 最大值总能拆，是因为先比谁、后比谁结果都一样，也没有权重。
# %% [markdown] lang="en" tags=["answer"]
# The first and the third: each is a column times a row, a matrix of rank 1. Split, a pixel takes 3 + 3 multiplications instead of 9.
# The diagonal has rank 3 and can't be split once; most kernels that are learned are like that, so convolutions have no such shortcut in general.
# A maximum can always be split: the order of the comparisons doesn't matter, and no weights are involved.
# %%
if __name__ == "__main__":
    one, bell = torch.ones(3, 1), torch.tensor([[1.0], [2], [1]])
    kernels = {"edge": one @ torch.tensor([[-1.0, 0, 1]]), "diagonal": torch.eye(3), "bell": bell @ bell.T}
    for name, kernel in kernels.items():
        print(f"{name:9} rank {torch.linalg.matrix_rank(kernel)}")
    x = torch.rand(1, 1, 5, 5)
    split = F.conv2d(F.conv2d(x, bell[None, None]), bell.T[None, None])
    print(f"bell in two steps differs by {(split - F.conv2d(x, kernels['bell'][None, None])).abs().max():.0e}")

# %% [markdown] lang="zh"
# ## 8 · 这些零件还会回来
# - 步长 0 与“往回加”：`part3_backprop`，你亲手写广播的反向，它就是求和。
# - 卷积写成矩阵乘法：`part5_gans` 里把这个矩阵转置，就得到转置的卷积；它往窗口里写，而不是读，重叠的地方要相加。
# - 时间花在搬数上：第 4 天的 `part4_distributed` 里，几个进程之间搬数，比在内存里搬还要慢得多。
#
# **读物**：NumPy 文档 `numpy.lib.stride_tricks.as_strided` 一页（英文），最要紧的是它的警告；读完请回答：它为什么建议设 `writeable=False`，第 3 节的哪个实验正好说明原因？
#
# 合上书，试着说出：什么时候两个轴能并成一个；窗口视图的步长为什么重复；`as_strided` 查什么、不查什么；写入与求梯度，哪一个怕重叠；im2col 多付出什么，换来什么；为什么乘法一样多，时间会差几十倍甚至更多。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 8 · Where these pieces come back
# - The stride 0 and its sum on the way back: in `part3_backprop` you write the backward of broadcasting yourself, and it is a sum.
# - A convolution as a matrix product: `part5_gans` takes the transpose of the matrix, and gets a transposed convolution; it writes to windows instead of reading them, and adds where they overlap.
# - Time goes into moving numbers: on day 4, in `part4_distributed`, they move between processes, and that is much slower still than in memory.
#
# **Reading**: the page `numpy.lib.stride_tricks.as_strided` in NumPy's documentation (in English), above all its warnings; then say: why does it advise `writeable=False`, and which experiment of section 3 shows the reason?
#
# Without looking up, try to say: when two axes can become one; why the strides of a view of windows repeat; what `as_strided` checks, and what it doesn't; for which overlaps are dangerous, writing or differentiating; what im2col costs, and what you get for it; why the same number of multiplications may take dozens of times as long, or more.
# If there is one that you can't say, go back to its cell.
