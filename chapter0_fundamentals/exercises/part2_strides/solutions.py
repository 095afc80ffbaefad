# %% [markdown] lang="zh" order=4
# # 第 2 天 · 步长与卷积
#
# 张量的数据在内存里排成一条线，形状只是一种读法。
# 今天你先只改读法，不搬数据：解八个谜题；再用同一招写出矩阵乘法、卷积（convolution）和池化（pooling）。
# %% [markdown] lang="en"
# # Day 2 · strides and convolutions
#
# In memory a tensor's data stand in one line; its shape is only a way of reading them.
# Today you first change only the reading and move no data: eight puzzles; then you write matrix products, convolution and pooling by the same trick.
# %%
import math
from collections.abc import Sequence

import einops
import torch
from jaxtyping import Float, Int
from torch import Tensor

from part2_strides import figures, tests

# %% [markdown] lang="zh"
# ## 1 · 内存是一条线
#
# `x.stride()` 说的是：沿每一维走一步，地址要加多少。
# `x.as_strided(size, stride)` 直接给出形状和步长（stride），在同一块内存上造一个视图（view）。
#
# 图里每一行走出一条线：行内的跨度是最后一维的步长，行与行之间错开的是前一维的步长。
# %% [markdown] lang="en"
# ## 1 · Memory is a line
#
# `x.stride()` says by how much the address grows with one step along each axis.
# `x.as_strided(size, stride)` takes the shape and the strides outright, and makes a view of the same memory.
#
# In the figures each row walks a line: within a row the step is the last axis's stride, and from row to row the start shifts by the stride of the axis before.
# %%
if __name__ == "__main__":
    x = torch.arange(12.0).reshape(3, 4)
    print("shape", tuple(x.shape), "strides", x.stride(), "- transposed:", tuple(x.T.shape), x.T.stride())
    figures.walk(x, en="three rows of four", zh="三行四列").show()
    figures.walk(x.T, en="the same memory, transposed", zh="同一块内存，转置").show()


# %% [markdown] lang="zh"
# ### 练习 · 地址 · 15 分钟
#
# 下标 $(i, j, \dots)$ 处的元素，地址是 $\text{offset} + i s_0 + j s_1 + \dots$
# 把所有下标的地址算出来。
# %% [markdown] lang="en"
# ### Exercise · addresses · 15 min
#
# The element at index $(i, j, \dots)$ has the address $\text{offset} + i s_0 + j s_1 + \dots$
# Work out the addresses of all indices.
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
        print(addresses((2, 3), (4, 1), offset=5))


# %% [markdown] lang="zh" tags=["hint"]
# 从一个数开始（只有 `offset`），每多一维，就加上 `step * torch.arange(length)`。
# %% [markdown] lang="en" tags=["hint"]
# Begin with a single number, the `offset`; with each further axis add `step * torch.arange(length)`.
# %% [markdown] lang="zh" tags=["hint"]
# `total[..., None]` 在末尾添一个长度为 1 的维；再加上一个向量，广播就把它展开成新的一维。
# %% [markdown] lang="en" tags=["hint"]
# `total[..., None]` adds an axis of length 1 at the end; add a vector to it, and broadcasting turns it into the new axis.
# %% [markdown] lang="zh"
# ## 2 · 八个谜题
#
# 规则：只用 `as_strided`，不搬动数据；结果要与 `x` 共用内存。
# 步长请从 `x.stride()` 取，别从形状里推：`x` 也许是别人切出来、转置过的一块。
# %% [markdown] lang="en"
# ## 2 · Eight puzzles
#
# The rules: only `as_strided`, and no data move; the result shares its memory with `x`.
# Take strides from `x.stride()`, don't derive them from the shape: `x` may be a slice or a transpose of something else.
# %% [markdown] lang="zh"
# ### 练习 · 第一列 · 5 分钟
#
# 往下走一行，地址加多少？
# %% [markdown] lang="en"
# ### Exercise · the first column · 5 min
#
# One row further down, how much is added to the address?
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
# 结果只有一维，所以 `size` 和 `stride` 各是一个元素的元组。
# %% [markdown] lang="en" tags=["hint"]
# The result has one axis, so `size` and `stride` are tuples of one element.
# %% [markdown] lang="zh" tags=["hint"]
# `row, col = x.stride()` 拆开两个步长；你要的是 `row`。
# %% [markdown] lang="en" tags=["hint"]
# `row, col = x.stride()` takes the two strides apart; you want `row`.
# %% [markdown] lang="zh"
# ### 练习 · 隔一个取一个 · 5 分钟
#
# 取第 0、2、4……个元素；`x` 的长度也可以是奇数。
# %% [markdown] lang="en"
# ### Exercise · every other one · 5 min
#
# Elements 0, 2, 4, and so on; the length of `x` may be odd.
# %% exercise="puzzle_every_other" difficulty=1 importance=3 minutes=5
def puzzle_every_other(x: Float[Tensor, " n"]) -> Float[Tensor, " half"]:
    """`x[::2]`, as a view."""
    # solution
    return x.as_strided(((len(x) + 1) // 2,), (2 * x.stride(0),))


if __name__ == "__main__":
    if tests.test_puzzle_every_other(puzzle_every_other):
        figures.walk(puzzle_every_other(torch.arange(7.0)), en="every other element", zh="隔一个取一个").show()


# %% [markdown] lang="zh" tags=["hint"]
# 步长翻倍。长度是 5 时要取几个？长度是 6 时呢？
# %% [markdown] lang="en" tags=["hint"]
# The stride doubles. How many are taken of 5, and how many of 6?
# %% [markdown] lang="zh"
# ### 练习 · 转置 · 5 分钟
#
# `x.T` 什么也没搬：它只交换了两样东西。
# %% [markdown] lang="en"
# ### Exercise · transpose · 5 min
#
# `x.T` moves nothing: it only swaps two things.
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
# 形状交换，步长也要一起交换。
# %% [markdown] lang="en" tags=["hint"]
# Swap the shape, and swap the strides with it.
# %% [markdown] lang="zh" tags=["question"] see="puzzle_transpose"
# 翻转（flip）也只是换一种读法：从末尾往回走。为什么 `x.flip(0)` 在 PyTorch 里却要拷贝？
# %% [markdown] lang="en" tags=["question"] see="puzzle_transpose"
# Flipping, too, is just another reading: from the end backwards. Why then does `x.flip(0)` copy in PyTorch?
# %% [markdown] lang="zh" tags=["answer"]
# 往回走需要负的步长，而 PyTorch 的步长不能是负的：`as_strided` 会报错。
# NumPy 允许，`a[::-1]` 在那里就是视图；这样的数组要先 `.copy()`，才能交给 `torch.from_numpy`。
# %% [markdown] lang="en" tags=["answer"]
# Walking back needs a negative stride, and PyTorch has none: `as_strided` raises an error.
# NumPy allows it, and there `a[::-1]` is a view; such an array needs a `.copy()` before `torch.from_numpy` takes it.
# %% [markdown] lang="zh"
# ### 练习 · 第 i 行 · 10 分钟
#
# 第三个参数 `storage_offset` 说从哪个地址开始读。
# 不给它，视图就从 `x` 开始的地方读起。
# 小心：它从整块内存的开头数起，不从 `x` 的第一个元素数起。
# %% [markdown] lang="en"
# ### Exercise · row i · 10 min
#
# A third argument, `storage_offset`, says at which address to start.
# Without it the view starts where `x` starts.
# Careful: it counts from the start of the whole storage, not from the first element of `x`.
# %% exercise="puzzle_row" difficulty=2 importance=4 minutes=10
def puzzle_row(x: Float[Tensor, "rows cols"], i: int) -> Float[Tensor, " cols"]:
    """Row i, counted from 0, as a view."""
    # solution
    row, col = x.stride()
    return x.as_strided((x.shape[1],), (col,), x.storage_offset() + i * row)


if __name__ == "__main__":
    if tests.test_puzzle_row(puzzle_row):
        corner = torch.arange(20.0).reshape(4, 5)[1:, 2:]
        print("corner starts at address", corner.storage_offset(), "- its row 1:", puzzle_row(corner, 1).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 先问 `x` 自己从哪里开始：`x.storage_offset()`。
# %% [markdown] lang="en" tags=["hint"]
# Ask first where `x` itself begins: `x.storage_offset()`.
# %% [markdown] lang="zh" tags=["hint"]
# 往下走 $i$ 行，地址再加 $i$ 个行步长。
# %% [markdown] lang="en" tags=["hint"]
# To go down $i$ rows, add the row's stride $i$ times.
# %% [markdown] lang="zh"
# ### 练习 · 重复 · 5 分钟
#
# 一步也不走的步长是多少？
# %% [markdown] lang="en"
# ### Exercise · repeat · 5 min
#
# Which stride takes no step at all?
# %% exercise="puzzle_repeat" difficulty=2 importance=4 minutes=5
def puzzle_repeat(x: Float[Tensor, " n"], times: int) -> Float[Tensor, "times n"]:
    """`x` in each of so many rows, as a view: no memory is taken for them."""
    # solution
    return x.as_strided((times, len(x)), (0, x.stride(0)))


if __name__ == "__main__":
    if tests.test_puzzle_repeat(puzzle_repeat):
        figures.walk(puzzle_repeat(torch.arange(5.0), 3), en="one row, three times", zh="同一行，读三遍").show()


# %% [markdown] lang="zh" tags=["hint"]
# 换到下一行时地址不变：那一维的步长是 0。
# %% [markdown] lang="en" tags=["hint"]
# From one row to the next the address stays: that axis's stride is 0.
# %% [markdown] lang="zh"
# ### 练习 · 滑动窗口 · 10 分钟
#
# 第 $i$ 行是从第 $i$ 个元素开始的 `size` 个元素。
# 相邻的窗口互相重叠：这就是卷积的全部秘密。
# %% [markdown] lang="en"
# ### Exercise · sliding windows · 10 min
#
# Row $i$ holds the `size` elements from element $i$ on.
# Neighbouring windows overlap: that is the whole secret of convolution.
# %% exercise="puzzle_windows" difficulty=2 importance=5 minutes=10
def puzzle_windows(x: Float[Tensor, " n"], size: int) -> Float[Tensor, "windows size"]:
    """Every run of `size` neighbours, as a view; `size` is from 1 to n."""
    # solution
    return x.as_strided((len(x) - size + 1, size), (x.stride(0), x.stride(0)))


if __name__ == "__main__":
    if tests.test_puzzle_windows(puzzle_windows):
        windows = puzzle_windows(torch.arange(8.0), 3)
        print(f"{windows.numel()} elements read from {windows.untyped_storage().nbytes() // 4} in memory")
        figures.walk(windows, en="sliding windows", zh="滑动窗口").show()


# %% [markdown] lang="zh" tags=["hint"]
# 窗口里走一步，与换到下一个窗口，地址都加同样多。
# %% [markdown] lang="en" tags=["hint"]
# A step within a window and a step to the next window add the same to the address.
# %% [markdown] lang="zh" tags=["hint"]
# 最后一个窗口的末尾，就是 `x` 的最后一个元素：一共有几个窗口？
# %% [markdown] lang="en" tags=["hint"]
# The last window ends with the last element of `x`: how many windows does that make?
# %% [markdown] lang="zh"
# ### 练习 · 切成小块 · 15 分钟
#
# 把图像切成不重叠的 `size` 乘 `size` 的小块；边上不够一块的部分舍去。
# 四维，四个步长。
# %% [markdown] lang="en"
# ### Exercise · tiles · 15 min
#
# Cut an image into tiles of `size` by `size` that don't overlap; what does not fill a tile at the border is left out.
# Four axes, four strides.
# %% exercise="puzzle_tiles" difficulty=3 importance=4 minutes=15
def puzzle_tiles(x: Float[Tensor, "height width"], size: int) -> Float[Tensor, "tiles_h tiles_w size size"]:
    """The tiles in their places, as a view: `[i, j]` is the tile in row i and column j of tiles."""
    # solution
    (height, width), (row, col) = x.shape, x.stride()
    return x.as_strided((height // size, width // size, size, size), (size * row, size * col, row, col))


if __name__ == "__main__":
    if tests.test_puzzle_tiles(puzzle_tiles):
        tiles = puzzle_tiles(torch.arange(24.0).reshape(4, 6), 2)
        figures.walk(
            tiles, en="tiles of 2 by 2: one line per row of a tile", zh="2 乘 2 的小块：小块的每一行一条线"
        ).show()


# %% [markdown] lang="zh" tags=["hint"]
# 小块里面用 `x` 自己的步长。往下一个小块，要跨过 `size` 行。
# %% [markdown] lang="en" tags=["hint"]
# Inside a tile the strides are those of `x`. To the tile below, you cross `size` rows.
# %% [markdown] lang="zh" tags=["hint"]
# 四维依次是：往下一个小块，往右一个小块，小块里往下一行，小块里往右一列。
# 前两维的长度用整除，`//` 正好舍去边上的部分。
# %% [markdown] lang="en" tags=["hint"]
# The four axes in their order: one tile down, one tile to the right, one row down in the tile, one column to the right in it.
# The lengths of the first two are divisions without remainder: `//` leaves out the rest at the border.
# %% [markdown] lang="zh"
# ### 练习 · 反对角线 · 10 分钟
#
# 从右上角走到左下角：往下一行，同时往左一列。
# 这里的 `x` 总是行步长大于列步长。
# %% [markdown] lang="en"
# ### Exercise · the antidiagonal · 10 min
#
# From the top right to the bottom left: one row down and one column to the left at once.
# Here the rows of `x` always lie further apart in memory than its columns.
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
# 先定起点：第 0 行的最后一个元素，离 `x` 的开头有几步？
# %% [markdown] lang="en" tags=["hint"]
# First the start: how many steps is the last element of row 0 away from the beginning of `x`?
# %% [markdown] lang="zh" tags=["hint"]
# 一步的地址变化是 `row - col`。
# %% [markdown] lang="en" tags=["hint"]
# One step changes the address by `row - col`.
# %% [markdown] lang="zh"
# ## 3 · 锋利的刀
#
# `as_strided` 不看 `x` 的形状，你说读哪里它就读哪里。
# PyTorch 只拦住最明显的错：负的步长或起点、长短不一的 `size` 与 `stride`、读到整块内存之外。
# NumPy 的 `as_strided` 连读到外面也不拦，会读出别的变量，甚至让程序崩溃。
# %% [markdown] lang="en"
# ## 3 · A sharp knife
#
# `as_strided` does not look at the shape of `x`: it reads where you tell it to.
# PyTorch stops only the plainest errors: a negative stride or start, a `size` and a `stride` of different lengths, reading outside the whole storage.
# NumPy's `as_strided` doesn't even stop reading outside: it reads other variables, or crashes the program.
# %%
if __name__ == "__main__":
    mine = torch.arange(10.0)[2:5]
    print("mine:", mine.tolist(), "- five elements of it:", mine.as_strided((5,), (1,)).tolist())
    try:
        mine.as_strided((9,), (1,))
    except RuntimeError as error:
        print("nine elements:", str(error).split("\n")[0])


# %% [markdown] lang="zh"
# 多出来的两个数不属于 `mine`：它们是内存里的邻居，却没有谁报错。
# 形状对、数也像样的错误，最难找。
# %% [markdown] lang="en"
# The two extra numbers don't belong to `mine`: they are its neighbours in memory, and nobody complained.
# An error with the right shape and plausible numbers is the hardest to find.
# %% [markdown] lang="zh"
# ### 练习 · 没有越界吗 · 15 分钟
#
# 用 `addresses` 来检查：视图读的每个地址，都是 `x` 自己的元素吗？
# `x` 的元素之间也可以有空隙，所以只比最大的地址是不够的。
# %% [markdown] lang="en"
# ### Exercise · within bounds? · 15 min
#
# Check with `addresses`: is every address that the view reads that of an element of `x` itself?
# There may be gaps between the elements of `x`, so comparing the largest address is not enough.
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
# `x` 自己也是一个视图，它的地址也能用 `addresses` 算：形状、步长和起点，`x` 都会告诉你。
# %% [markdown] lang="en" tags=["hint"]
# `x` is a view itself, and `addresses` works out its addresses too: `x` tells you its shape, its strides and its start.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.isin(a, b)` 逐个问：`a` 的元素在 `b` 里吗？
# %% [markdown] lang="en" tags=["hint"]
# `torch.isin(a, b)` asks for each element of `a` whether it is in `b`.
# %% [markdown] lang="zh"
# ### 练习 · 重叠吗 · 10 分钟
#
# 两个不同的下标若读同一个地址，写入就没有定义：写一个，另一个跟着变。
# %% [markdown] lang="en"
# ### Exercise · does it overlap? · 10 min
#
# If two different indices read the same address, writing is undefined: write one, and the other changes with it.
# %% exercise="overlaps" difficulty=2 importance=4 minutes=10
def overlaps(size: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether two different indices of such a view have the same address; no number given is negative."""
    # solution
    return len(addresses(size, stride).unique()) < math.prod(size)


if __name__ == "__main__":
    tests.test_overlaps(overlaps)

# %% [markdown] lang="zh" tags=["hint"]
# 有几个下标？有几个不同的地址？
# %% [markdown] lang="en" tags=["hint"]
# How many indices are there, and how many different addresses?
# %% [markdown] lang="zh"
# 每个窗口都加 10，中间的元素属于三个窗口，该加三次吗？
# 跑一下看：结果与 PyTorch 内部的走法有关，别指望它。
# 读重叠的视图没有危险，写之前先 `clone`。
# %% [markdown] lang="en"
# Add 10 to every window: an inner element is in three of them, so should it grow three times?
# Run it and see: what comes out depends on how PyTorch walks inside, so don't count on it.
# Reading an overlapping view is safe; `clone` it before you write.
# %%
if __name__ == "__main__":
    if tests.test_puzzle_windows(puzzle_windows) and tests.test_puzzle_repeat(puzzle_repeat):
        x = torch.arange(8.0)
        puzzle_windows(x, 3).add_(10)
        print("written through overlapping windows:", x.tolist())
        try:
            puzzle_repeat(x, 4).add_(10)
        except RuntimeError as error:
            print("through a stride of 0:", error)

# %% [markdown] lang="zh" tags=["question"] see="overlaps"
# 为什么 PyTorch 拒绝写入步长为 0 的视图，却放过滑动窗口？
# %% [markdown] lang="en" tags=["question"] see="overlaps"
# Why does PyTorch refuse to write through a stride of 0, yet let sliding windows pass?
# %% [markdown] lang="zh" tags=["answer"]
# 步长是 0 而长度大于 1，一眼就看得出重叠；一般的情形要解一个整数方程，代价太大，PyTorch 就不查了。
# 所以没有报错不等于安全：`overlaps((6, 3), (1, 1))` 是真的。
# %% [markdown] lang="en" tags=["answer"]
# A stride of 0 along an axis longer than 1 shows its overlap at a glance; the general case is an equation in integers, too expensive to check, so PyTorch doesn't.
# No error therefore does not mean safe: `overlaps((6, 3), (1, 1))` is true.
# %% [markdown] lang="zh"
# 梯度呢？反向传播走同样的地址，不过是往回加：一个元素被读了几次，就收到几份梯度。
# PyTorch 在这里做的是累加，不是覆盖，所以重叠的视图可以放心求导。
# %% [markdown] lang="en"
# And gradients? The backward pass visits the same addresses and adds: an element that is read several times receives as many shares.
# PyTorch accumulates here and does not overwrite, so you may differentiate through overlapping views.
# %%
if __name__ == "__main__":
    if tests.test_puzzle_windows(puzzle_windows):
        x = torch.arange(8.0, requires_grad=True)
        puzzle_windows(x, 3).sum().backward()
        print("gradient of the windows' sum:", x.grad)
        figures.reads(puzzle_windows(x.detach(), 3)).show()


# %% [markdown] lang="zh"
# ## 4 · 线性代数
#
# 现在把视图用起来：用 `as_strided` 摆好，逐项相乘（`*`），再求和；不用 `@`、`einsum`、`trace` 这些现成的。
# 从这里到最后，张量可以有任何步长（切片、转置），dtype 要保持（输入是 float64，结果也是），梯度要能回到每个输入：不用 `.item()` 和 `detach`。
# %% [markdown] lang="en"
# ## 4 · Linear algebra
#
# Now put views to use: lay things out by `as_strided`, multiply term by term (`*`), and sum; without the ready-made `@`, `einsum`, `trace` and their like.
# From here to the end tensors may have any strides (slices, transposes), the dtype is kept (float64 in, float64 out), and gradients get back to every input: no `.item()` and no `detach`.
# %% [markdown] lang="zh"
# ### 练习 · 迹 · 5 分钟
#
# 走对角线，然后求和。
# %% [markdown] lang="en"
# ### Exercise · the trace · 5 min
#
# Walk along the diagonal, then sum.
# %% exercise="as_strided_trace" difficulty=2 importance=3 minutes=5
def as_strided_trace(mat: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """The sum of the diagonal, a tensor without axes."""
    # solution
    return mat.as_strided((len(mat),), (sum(mat.stride()),)).sum()


if __name__ == "__main__":
    tests.test_as_strided_trace(as_strided_trace)


# %% [markdown] lang="zh" tags=["hint"]
# 往右一列，同时往下一行：地址加两个步长之和。
# %% [markdown] lang="en" tags=["hint"]
# One column to the right and one row down: the address grows by the sum of both strides.
# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘向量 · 10 分钟
#
# 让向量在每一行都出现一次，不占内存；然后逐项相乘，再求和。
# %% [markdown] lang="en"
# ### Exercise · matrix times vector · 10 min
#
# Let the vector appear in every row, without taking memory; then multiply term by term, and sum.
# %% exercise="as_strided_mv" difficulty=3 importance=3 minutes=10
def as_strided_mv(mat: Float[Tensor, "n m"], vec: Float[Tensor, " m"]) -> Float[Tensor, " n"]:
    """`mat @ vec`, by a view, a product term by term, and a sum."""
    # solution
    rows = vec.as_strided(mat.shape, (0, vec.stride(0)))
    return (mat * rows).sum(dim=-1)


if __name__ == "__main__":
    tests.test_as_strided_mv(as_strided_mv)


# %% [markdown] lang="zh" tags=["hint"]
# 这就是 `puzzle_repeat`：`vec` 的视图有 `mat` 的形状。
# %% [markdown] lang="en" tags=["hint"]
# It is `puzzle_repeat` again: a view of `vec` in the shape of `mat`.
# %% [markdown] lang="zh" tags=["hint"]
# 相乘之后形状是 `n m`，结果只有 `n`：求和的是哪一维？
# %% [markdown] lang="en" tags=["hint"]
# The product has the shape `n m`, the result only `n`: which axis is summed over?
# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘矩阵 · 15 分钟
#
# $C_{ik} = \sum_j A_{ij} B_{jk}$：把两边都摆成 `n m l`。
# `A` 没有 `l` 那一维，`B` 没有 `n` 那一维：缺的那一维，步长该填多少？
# %% [markdown] lang="en"
# ### Exercise · matrix times matrix · 15 min
#
# $C_{ik} = \sum_j A_{ij} B_{jk}$: lay out both as `n m l`.
# `A` has no axis `l` and `B` has no axis `n`: what stride do you give to the axis that a matrix lacks?
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
# `A` 的三个步长是 `(*A.stride(), 0)`；`B` 的呢？
# %% [markdown] lang="en" tags=["hint"]
# The three strides of `A` are `(*A.stride(), 0)`; and those of `B`?
# %% [markdown] lang="zh" tags=["hint"]
# 求和的是两边共有的那一维 `m`，也就是 `dim=1`。
# %% [markdown] lang="en" tags=["hint"]
# Sum over the axis that both have, `m`: that is `dim=1`.
# %% [markdown] lang="zh"
# ## 5 · 卷积
#
# 卷积是滑动窗口与卷积核（kernel）的内积。
# 深度学习里的卷积不翻转核，数学家叫它互相关（cross-correlation）。
# 这一节的核总放得下。
# 怎么写都行（`as_strided`、`unfold`、`einsum`、循环），只是不用现成的卷积：`torch.conv1d`、`F.conv2d` 等等。
# %% [markdown] lang="en"
# ## 5 · Convolution
#
# A convolution is the inner product of sliding windows with a kernel.
# In deep learning the kernel is not flipped; mathematicians call that cross-correlation.
# In this section a kernel always fits.
# Write it as you like (`as_strided`, `unfold`, `einsum`, a loop), only not by a ready-made convolution: `torch.conv1d`, `F.conv2d` and the like.
# %% [markdown] lang="zh"
# ### 练习 · 最简单的卷积 · 10 分钟
#
# 一个信号，一个核：窗口视图，乘，求和。
# %% [markdown] lang="en"
# ### Exercise · the simplest convolution · 10 min
#
# One signal, one kernel: a view of windows, a product, a sum.
# %% exercise="conv1d_minimal_simple" difficulty=2 importance=4 minutes=10
def conv1d_minimal_simple(x: Float[Tensor, " width"], weights: Float[Tensor, " k"]) -> Float[Tensor, " out"]:
    """What `torch.conv1d` gives for one signal and one kernel: stride 1, no padding; width - k + 1 values."""
    # solution
    k = len(weights)
    windows = x.as_strided((len(x) - k + 1, k), (x.stride(0), x.stride(0)))
    return windows @ weights


if __name__ == "__main__":
    if tests.test_conv1d_minimal_simple(conv1d_minimal_simple):
        signal = torch.tensor([0.0, 0, 0, 1, 1, 1, 0, 0])
        print("where the signal jumps:", conv1d_minimal_simple(signal, torch.tensor([-1.0, 1])).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 与 `puzzle_windows` 相同；`windows @ weights` 一步做完相乘与求和。
# %% [markdown] lang="en" tags=["hint"]
# As in `puzzle_windows`; `windows @ weights` multiplies and sums in one go.
# %% [markdown] lang="zh"
# `as_strided` 不检查形状，那就自己检查。
# 乘法也靠不住：只有 1 个通道时，它会悄悄广播。
# %% [markdown] lang="en"
# `as_strided` checks no shapes, so check them yourself.
# The product is no safeguard either: a single channel it broadcasts in silence.
# %%
def require_same_channels(x: Tensor, weights: Tensor) -> None:
    """Raises ValueError unless the kernels want as many input channels as `x` has."""
    if x.shape[1] != weights.shape[1]:
        raise ValueError(f"x has {x.shape[1]} channels, weights want {weights.shape[1]}: pass weights for this x")


# %% [markdown] lang="zh"
# ### 练习 · 批次与通道 · 20 分钟
#
# 每个输出通道有自己的核，核的每个输入通道各有一份权重，最后对输入通道也求和。
# 窗口视图的形状是 `batch c_in out k`。
# %% [markdown] lang="en"
# ### Exercise · batch and channels · 20 min
#
# Each output channel has a kernel of its own, with weights for every input channel, and the input channels are summed over as well.
# The view of windows has the shape `batch c_in out k`.
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
# 前三个步长就是 `x.stride()`；窗口里的那一维，步长与 `width` 的相同。
# %% [markdown] lang="en" tags=["hint"]
# The first three strides are `x.stride()`; the axis within a window has the same stride as `width`.
# %% [markdown] lang="zh" tags=["hint"]
# `einops.einsum` 把在右边没有出现的维都加起来：`c_in` 和 `k`。
# %% [markdown] lang="en" tags=["hint"]
# `einops.einsum` sums over the axes that the right side lacks: `c_in` and `k`.
# %% [markdown] lang="zh" tags=["question"] see="conv1d_minimal"
# 若把视图的 `c_in` 取自 `weights`，而 `x` 只有 3 个通道、`weights` 有 4 个，会发生什么？
# %% [markdown] lang="en" tags=["question"] see="conv1d_minimal"
# If the view takes its `c_in` from `weights`, and `x` has 3 channels where `weights` has 4, what happens?
# %% [markdown] lang="zh" tags=["answer"]
# 第 4 个“通道”其实是下一张图的第一个通道；最后一张图没有下一张，于是读到内存之外，整个调用报错。
# 若 `x` 是从一大块里切出来的，后面还有内存，就不报错了：形状对得上，数却是错的。
# 所以视图的形状要取自 `x`，并且先问一句 `require_same_channels`。
# %% [markdown] lang="en" tags=["answer"]
# The fourth "channel" is the first channel of the next image; the last image has no next one, so the call reads outside the storage and raises an error.
# But if `x` is cut out of something larger, there is memory behind it and nothing is raised: the shapes fit, and the numbers are wrong.
# So take the view's shape from `x`, and ask `require_same_channels` first.
# %% [markdown] lang="zh"
# ### 练习 · 二维 · 20 分钟
#
# 一样的想法，多一维：窗口视图有六维。
# 核的高与宽可以不同。
# %% [markdown] lang="en"
# ### Exercise · two dimensions · 20 min
#
# The same idea with one dimension more: the view of windows has six axes.
# A kernel's height and width may differ.
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
        change = torch.tensor([[[[-1.0, 1]]]])
        across, down = (conv2d_minimal(image[None, None], kernel)[0, 0] for kernel in (change, change.mT))
        figures.edges(image, across, down).show()

# %% [markdown] lang="zh" tags=["hint"]
# 形状是 `batch c_in out_h out_w kh kw`；最后两维重复了高与宽的步长。
# %% [markdown] lang="en" tags=["hint"]
# The shape is `batch c_in out_h out_w kh kw`; the last two axes repeat the strides of height and width.
# %% [markdown] lang="zh" tags=["hint"]
# `(*x.stride(), *x.stride()[-2:])` 正好六个步长。
# %% [markdown] lang="en" tags=["hint"]
# `(*x.stride(), *x.stride()[-2:])` are exactly six strides.
# %% [markdown] lang="zh"
# ## 6 · 填充与步幅
#
# 填充（padding）在边上添数，步幅（stride）让窗口跳着走。
# 卷积的步幅和内存的步长，英文同名，却是两回事：前者数像素，后者数地址。
# %% [markdown] lang="en"
# ## 6 · Padding and stride
#
# Padding adds numbers at the border, and a stride makes the windows jump.
# A convolution's stride and memory's stride share a name, and are two things: one counts pixels, the other addresses.
# %%
IntOrPair = int | tuple[int, int]


def pair(value: IntOrPair) -> tuple[int, int]:
    """(height, width), of a pair or of one number for both."""
    return value if isinstance(value, tuple) else (value, value)


# %% [markdown] lang="zh"
# ### 练习 · 有几个窗口 · 10 分钟
#
# 最后一个窗口必须整个落在里面；不够一步的余数舍去。
# %% [markdown] lang="en"
# ### Exercise · how many windows? · 10 min
#
# The last window must lie inside as a whole; what is left and too short for a step is dropped.
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
# 第一个窗口总在那里；剩下 `size + 2 * padding - kernel` 可走，每步 `stride`。
# %% [markdown] lang="en" tags=["hint"]
# The first window is always there; `size + 2 * padding - kernel` are left to walk, with `stride` for each step.
# %% [markdown] lang="zh"
# ### 练习 · 一维填充 · 10 分钟
#
# 造一个装满 `pad_value` 的张量，再把 `x` 写进中间；不用 `F.pad`。
# dtype 和设备与 `x` 相同，梯度要能回到 `x`。
# %% [markdown] lang="en"
# ### Exercise · padding one dimension · 10 min
#
# Make a tensor full of `pad_value` and write `x` into its middle; without `F.pad`.
# It has the dtype and device of `x`, and gradients get back to `x`.
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
# `x.new_full(shape, value)` 带着 `x` 的 dtype 和设备；`torch.full` 不会。
# %% [markdown] lang="en" tags=["hint"]
# `x.new_full(shape, value)` takes the dtype and device of `x` along; `torch.full` doesn't.
# %% [markdown] lang="zh" tags=["hint"]
# 终点写成 `left + width`，不要写 `-right`：`right` 是 0 时，`-0` 就是开头。
# %% [markdown] lang="en" tags=["hint"]
# End at `left + width`, not at `-right`: where `right` is 0, `-0` is the beginning.
# %% [markdown] lang="zh"
# ### 练习 · 二维填充 · 10 分钟
#
# 参数的顺序：左、右、上、下。
# 规则同上：不用 `F.pad`；dtype、设备和梯度也一样。
# %% [markdown] lang="en"
# ### Exercise · padding two dimensions · 10 min
#
# The arguments' order: left, right, top, bottom.
# The rules are the same: without `F.pad`, and the same for dtype, device and gradients.
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
# 左、右属于宽，是最后一维；上、下属于高，是倒数第二维。
# %% [markdown] lang="en" tags=["hint"]
# Left and right belong to the width, the last axis; top and bottom to the height, the one before.
# %% [markdown] lang="zh"
# ### 练习 · 一维卷积 · 15 分钟
#
# 窗口之间跳 `stride` 个元素，窗口里面仍然一个挨一个。
# 所以视图的步长里只有一个要乘：哪一个？
# %% [markdown] lang="en"
# ### Exercise · convolution in one dimension · 15 min
#
# From window to window you jump by `stride` elements; inside a window they still stand side by side.
# So just one of the view's strides is multiplied: which?
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
    tests.test_conv1d(conv1d)


# %% [markdown] lang="zh" tags=["hint"]
# 先 `output_size`，再 `pad1d`，最后与 `conv1d_minimal` 相同；步长要从填充后的 `x` 取。
# %% [markdown] lang="en" tags=["hint"]
# First `output_size`, then `pad1d`, then as in `conv1d_minimal`; take the strides from the padded `x`.
# %% [markdown] lang="zh" tags=["hint"]
# `out` 那一维的步长是 `stride * by_pixel`；`k` 那一维是 `by_pixel`。
# %% [markdown] lang="en" tags=["hint"]
# The stride of axis `out` is `stride * by_pixel`; that of axis `k` is `by_pixel`.
# %% [markdown] lang="zh"
# ### 练习 · 二维卷积 · 30 分钟
#
# 这一次要快：一个视图，一次批量的矩阵乘法。
# 把视图的维排成 `batch c_in kh kw out_h out_w`，并成 `batch (c_in kh kw) (out_h out_w)`（这一步要拷贝），再从左边乘上 `c_out (c_in kh kw)` 的权重。
# 不许循环，对核也不许；步幅和填充是一个数或一对数，一对是 `tuple`。
# %% [markdown] lang="en"
# ### Exercise · convolution in two dimensions · 30 min
#
# This time it is to be fast: one view, and one batched matrix product.
# Order the view's axes as `batch c_in kh kw out_h out_w`, merge them to `batch (c_in kh kw) (out_h out_w)` (this copies), and multiply with the weights as `c_out (c_in kh kw)` from the left.
# No loops, not even over the kernel; stride and padding are a number or a pair, and a pair is a `tuple`.
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
        figures.columns(torch.arange(20.0).reshape(4, 5), 2, 3).show()


# %% [markdown] lang="zh" tags=["hint"]
# 六个步长：前四个是填充后 `x` 的，最后两个是高与宽的步长乘以 `stride_h` 和 `stride_w`。
# %% [markdown] lang="en" tags=["hint"]
# Six strides: the first four are those of the padded `x`, the last two those of height and width times `stride_h` and `stride_w`.
# %% [markdown] lang="zh" tags=["hint"]
# `weights.flatten(start_dim=1) @ columns`：左边二维，右边三维，批次那一维自动广播。
# %% [markdown] lang="en" tags=["hint"]
# `weights.flatten(start_dim=1) @ columns`: two axes on the left, three on the right, and the batch is broadcast.
# %% [markdown] lang="zh" tags=["hint"]
# 最后把 `(out_h out_w)` 拆开，用 `einops.rearrange` 或 `reshape`。
# %% [markdown] lang="en" tags=["hint"]
# At the end split `(out_h out_w)`, by `einops.rearrange` or `reshape`.
# %% [markdown] lang="zh" tags=["question"] see="conv2d"
# 拷贝成列要多少内存？为什么还是划算？
# %% [markdown] lang="en" tags=["question"] see="conv2d"
# How much memory do the columns take, and why does it pay all the same?
# %% [markdown] lang="zh" tags=["answer"]
# 每个像素最多被抄 `kh * kw` 遍，3 乘 3 的核就是 9 倍内存。
# 换来的是一次矩阵乘法：它读写连续的内存，调用的是优化得最好的库函数（BLAS）。
# 对六维视图直接 `einsum`，里面其实也要拷贝再相乘，只是各维的顺序由它定；你选的顺序让 `out_w` 在最里面，拷贝时一整行一整行地走。
# 在你的机器上比一比：`python benchmarks/convolution.py` 把三种写法并排计时。
# %% [markdown] lang="en" tags=["answer"]
# Each pixel is copied up to `kh * kw` times: for a kernel of 3 by 3 that is 9 times the memory.
# In return there is one matrix product: it reads and writes contiguous memory, and runs in the library that is tuned best (BLAS).
# An `einsum` over the view of six axes copies and multiplies inside, too, but in an order of its own; yours has `out_w` innermost, so that the copy runs along whole rows.
# Compare on your machine: `python benchmarks/convolution.py` times all three side by side.
# %% [markdown] lang="zh"
# ## 7 · 最大池化
#
# 窗口里的最大值可以分两步求：先求每一列的最大，再求这些最大的最大。
# 横着重叠的窗口共用这些列：横向步幅是 1 时，高 $h$ 宽 $w$ 的窗口，比较从 $hw - 1$ 次降到大约 $h + w - 2$ 次。
# 窗口互不重叠时不省比较，但是仍然只要写一维的代码。
# 这里也不用现成的池化：`F.max_pool1d`、`F.max_pool2d` 等等。
# %% [markdown] lang="en"
# ## 7 · Max pooling
#
# A window's maximum comes in two steps: the largest of each column, then the largest of those.
# Windows that overlap sideways share these columns: with a horizontal stride of 1, a window of height $h$ and width $w$ takes about $h + w - 2$ comparisons instead of $hw - 1$.
# Where windows don't overlap it saves none, but still the code is for one axis only.
# Here too, no ready-made pooling: `F.max_pool1d`, `F.max_pool2d` and the like.
# %% [markdown] lang="zh"
# ### 练习 · 沿一维取最大 · 15 分钟
#
# 每个窗口的第 0 个元素排成一个视图，第 1 个元素排成另一个……一共 `kernel` 个，彼此错开一格。
# 用 `torch.maximum` 把它们逐个比下去。
# %% [markdown] lang="en"
# ### Exercise · the maximum along one axis · 15 min
#
# Element 0 of every window forms one view, element 1 of every window another, and so on: `kernel` views, each shifted by one.
# Take their maximum one by one with `torch.maximum`.
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
        print(max_along(torch.tensor([1.0, 5, 2, 3, 4, 0]), kernel=3, stride=1, dim=0).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 除了 `dim` 那一维，视图的形状和步长都与 `x` 相同。
# %% [markdown] lang="en" tags=["hint"]
# Except along `dim`, the views have the shape and strides of `x`.
# %% [markdown] lang="zh" tags=["hint"]
# 第 $i$ 个视图只有起点不同：`x.storage_offset() + i * x.stride(dim)`。
# %% [markdown] lang="en" tags=["hint"]
# View $i$ differs only in its start: `x.storage_offset() + i * x.stride(dim)`.
# %% [markdown] lang="zh"
# ### 练习 · 最大池化 · 15 分钟
#
# 先填充，再沿高、沿宽各取一次最大。
# 没有给出 `stride` 时，它等于 `kernel_size`；填充的数永远不该赢，哪怕 `x` 全是负的，或是 `-inf`。
# %% [markdown] lang="en"
# ### Exercise · max pooling · 15 min
#
# Pad, then take the maximum along the height, and along the width.
# Without a `stride` it is the `kernel_size`; what is padded must never win, even if `x` is all negative, or `-inf`.
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
# 用 `-math.inf` 填充：它比什么都小。
# %% [markdown] lang="en" tags=["hint"]
# Pad with `-math.inf`: it is below everything.
# %% [markdown] lang="zh" tags=["hint"]
# `kernel[-2]` 是高的，`kernel[-1]` 是宽的：一个循环 `for dim in (-2, -1)` 就够了。
# %% [markdown] lang="en" tags=["hint"]
# `kernel[-2]` is for the height and `kernel[-1]` for the width: one loop `for dim in (-2, -1)` will do.
# %% [markdown] lang="zh" tags=["question"] see="maxpool2d"
# 窗口里有两个一样大的最大值，梯度归谁？你的函数和 `F.max_pool2d` 一样吗？
# %% [markdown] lang="en" tags=["question"] see="maxpool2d"
# If a window holds its maximum twice, who gets the gradient? Do your function and `F.max_pool2d` agree?
# %% [markdown] lang="zh" tags=["answer"]
# `torch.maximum` 把梯度平分给两边，`F.max_pool2d` 全部给第一个。
# 在那一点最大值不可导，两种都是合理的次梯度（subgradient）；没有并列时两者相同。
# ReLU 之后有许多 0，并列并不少见。
# %% [markdown] lang="en" tags=["answer"]
# `torch.maximum` shares the gradient equally, `F.max_pool2d` gives all of it to the first.
# There the maximum has no derivative, and both are valid subgradients; without ties they agree.
# After a ReLU there are many zeros, so ties are not rare.
# %% [markdown] lang="zh" tags=["question"] see="maxpool2d"
# 卷积也能这样拆成先高后宽两步吗？
# %% [markdown] lang="en" tags=["question"] see="maxpool2d"
# Can a convolution be split like this, the height first and then the width?
# %% [markdown] lang="zh" tags=["answer"]
# 只有核的矩阵秩为 1 时才行：它是一列乘一行，比如均值和高斯核。
# 一般的核的秩大于 1；学出来的核大多如此，所以没有这条捷径。
# %% [markdown] lang="en" tags=["answer"]
# Only if the kernel's matrix has rank 1: a column times a row, like the mean or a Gaussian.
# Most kernels have a higher rank, learned ones above all, so there is no such shortcut.
