# %% [markdown] lang="zh" order=1
# # 第 0 天 · 张量：NumPy 与 PyTorch
# 神经网络（neural network）是由许多简单步骤串成的函数；训练就是一点一点地调整这些步骤里的数，让网络在样本（给它看的例子）上的误差变小。
# 对网络来说，图片、文字和它学到的东西，归根到底都是数；装数的容器叫张量。
# 学完这一课，你会明白张量在内存里怎样存放，会不写循环就算完一整张表，能亲手走一步训练，还会写 softmax（把分数变成概率）和交叉熵损失（衡量这些概率离正确答案有多远），分数再大也不出错。
# 这是全课程的第一课：只要求会写 Python 的函数和类，学过中学数学；没用过 NumPy 和 PyTorch 也没关系。
# 写大约要三小时，读大约一小时；第 3 节末尾适合歇一歇。
# 练习的规矩：除非另有说明，函数不改动传给它的张量，也不假定它们在内存里排得整齐；每个轴至少有一个元素；结果的 dtype（元素的类型，第 1 节讲）与输入相同，输入 float64，返回的也是 float64。
# 练习里写着 `raise NotImplementedError`（意思是“还没写”）的那一行，换成你的代码。怎样写都可以，PyTorch 自带的函数也可以用；练习规定了写法的，照练习的来。
# 一格一格地运行，每次先预测，再看结果。练习开头的 `difficulty`（难度）和 `importance`（重要程度）从 1 到 5。`coach` 是本课程的命令，在终端里用：卡住了运行 `coach hint flat_position`；想自测运行 `coach questions`，它先出题，再给出我们的答案。
# %% [markdown] lang="en"
# # Day 0 · tensors: NumPy and PyTorch
# A **neural network** is a function made of many simple steps; training adjusts the numbers in these steps little by little, so that the network's errors on examples shrink.
# To the network, pictures, words and what it has learned are all numbers, and numbers are kept in tensors.
# After this lesson you know how a tensor is kept in memory, can compute a whole table without a loop, have taken a step of training by hand, and have written a softmax (which turns scores into probabilities) and a cross-entropy loss (which says how wrong they are) that stay right for scores of any size.
# The first lesson of the course, it needs Python up to functions and classes, and school mathematics, but no NumPy or PyTorch.
# Writing takes about three hours and reading about one; the end of section 3 is a good place for a rest.
# The rules of all exercises: unless one says otherwise, a function leaves the tensors it is given unchanged, and doesn't assume that they lie in order in memory; every axis has at least one element; its result has the dtype (the type of the elements, see section 1) of its input, float64 in, float64 out.
# In an exercise, your code takes the place of the line `raise NotImplementedError` (“not written yet”). Any way of writing it will do, PyTorch's own functions included, except where an exercise names the way.
# Run cell by cell, and predict before you look. The `difficulty` and `importance` of an exercise go from 1 to 5. `coach` is a command for the terminal: run `coach hint flat_position` when you are stuck, `coach questions` for a self-test with our answers.
# %%
from typing import Any  # in an annotation: a value of any type

import numpy as np  # arrays: tables of numbers as well, older than PyTorch
import torch  # PyTorch
from beartype import beartype  # checks types while a program runs
from jaxtyping import Bool, Float, Int, jaxtyped  # shapes in annotations: sections 2 and 8
from torch import Tensor, nn  # nn: parts of neural networks

from part0_tensors import figures, tests  # of this lesson

# %% [markdown] lang="zh"
# ## 1 · 一行内存，多种读法
# 张量（tensor）是一张数的表：一排数有一个轴（axis），有行有列的表有两个轴，一叠图片有三个，单独一个数没有轴；各个轴的长度合在一起，叫形状（shape）。
# 表里常有上百万个数，搬一次很费时间，所以 PyTorch 能不搬就不搬；代价是会出意外：改动一个张量，另一个也跟着变了。
# 下一格里 `x` 有 2 行 3 列；`y = x.T` 是它的转置（transpose）：行列互换，成了 3 行 2 列。
# %% [markdown] lang="en"
# ## 1 · One line of memory, read in many ways
# A **tensor** is a table of numbers: a row of numbers has one **axis**, a table of rows and columns has two, a stack of pictures three, and a single number none; the lengths of all its axes together are its **shape**.
# Such a table often holds millions of numbers, which take time to move, so PyTorch doesn't move them where it needn't; the price is a surprise: change one tensor, and another one changes.
# In the next cell `x` has 2 rows and 3 columns, and `y = x.T` is its **transpose**: rows and columns swapped, so 3 rows and 2 columns.
# %% [markdown] lang="zh" tags=["question"] see="flat_position"
# 把 `y` 右上角的数改成 100，`x` 会变吗？如果会，变的是哪一个数？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="flat_position"
# If you set the top right number of `y` to 100, does `x` change? If so, which of its numbers? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 会：`y[0, 1]` 就是 `x[1, 0]`，所以 `x` 左下角的 3 变成 100。
# `y` 没有自己的数，它只是用另一种方法读 `x` 的数。
# %% [markdown] lang="en" tags=["answer"]
# It does: `y[0, 1]` is `x[1, 0]`, so the 3 at the bottom left of `x` becomes 100.
# `y` has no numbers of its own: it reads those of `x` in another way.
# %%
if __name__ == "__main__":  # true where you run this file, false where a test imports it
    x = torch.arange(6.0).reshape(2, 3)  # the numbers 0 to 5, in two rows
    y = x.T
    y[0, 1] = 100  # row 0, column 1: both are counted from 0
    print(x)

# %% [markdown] lang="zh" numbers="5"
# 内存只有一排格子，从第 0 格数起。张量由两部分组成：一块内存，和读它的方法。
# 读法是三样东西：形状；步长（stride），即每个轴的下标（index，方括号里的数，也叫索引）加 1 时要跨过几个格子；偏移量（offset），即第一个元素在第几格。
# 用铅笔走一遍：`x` 的步长是 $(3, 1)$，偏移量是 0，于是 `x[1, 2]` 在第 $0 + 1 \cdot 3 + 2 \cdot 1 = 5$ 格。
# `x.T` 只把步长换成 $(1, 3)$：`x.T[2, 1]` 在 $0 + 2 \cdot 1 + 1 \cdot 3 = 5$，是同一格。
# `x[:, 1:]` 取所有的行、从第 1 列起的列：步长不变，偏移量是 1；它的 `[1, 1]` 在 $1 + 1 \cdot 3 + 1 \cdot 1 = 5$，还是那一格。
# %% [markdown] lang="en" numbers="5"
# Memory is one line of cells, counted from 0. A tensor has two parts: a block of that memory, and a way of reading it.
# The way of reading is three things: the shape; the **strides**, which say for each axis how many cells you pass when its **index** (the number in brackets) grows by 1; and the **offset**, the number of the cell where the first element is.
# Work it out with a pencil: `x` has strides $(3, 1)$ and offset 0, so `x[1, 2]` is in cell $0 + 1 \cdot 3 + 2 \cdot 1 = 5$.
# `x.T` only changes the strides to $(1, 3)$: `x.T[2, 1]` is in $0 + 2 \cdot 1 + 1 \cdot 3 = 5$, the same cell.
# `x[:, 1:]` takes all rows, and the columns from column 1 on: the same strides, and offset 1; its `[1, 1]` is in $1 + 1 \cdot 3 + 1 \cdot 1 = 5$, that cell once more.
# %%
x = torch.arange(6.0).reshape(2, 3)
if __name__ == "__main__":
    readings = {"x": x, "x.T": x.T, "x[:, 1:]": x[:, 1:]}
    for name, y in readings.items():  # below, `:9` fills up to 9 places, and `:g` drops zeros that say nothing
        print(f"{name:9} shape {tuple(y.shape)}  stride {y.stride()}  offset {y.storage_offset()}  last {y[-1, -1]:g}")
    figures.memory(readings).show()

# %% [markdown] lang="zh"
# 共用内存的张量叫视图（view）：切片、`.T`、单独一行 `x[1]` 都是。
# 计算的结果和 `x.clone()` 各占一块新的内存，这里都叫拷贝（copy）。
# `reshape` 按内存的顺序把数重新分行：能做视图就做视图；没有哪组步长读得出来时，才拷贝。`x.view(…)` 是它的严格版：绝不拷贝，`reshape` 非拷贝不可的地方，它就报错。
# %% [markdown] lang="en"
# A tensor that shares another one's memory is a **view**: a slice, `.T`, a single row `x[1]`.
# The result of a computation, or `x.clone()`, has a new block of its own: here we call both a **copy**.
# `reshape` takes the numbers in order and breaks them into other rows: a view if it can be one, a copy only where no strides could read it. `x.view(…)` is its strict form: it never copies, and is an error where `reshape` would have to.
# %% [markdown] lang="zh" tags=["question"] see="flat_position"
# `x.reshape(3, 2)` 与 `x.T` 的形状都是 $(3, 2)$：里面的数也一样吗？下一格的六个表达式，哪些是拷贝？
# %% [markdown] lang="en" tags=["question"] see="flat_position"
# `x.reshape(3, 2)` and `x.T` both have shape $(3, 2)$: do they hold the same numbers? And which of the six expressions in the next cell are copies?
# %% [markdown] lang="zh" tags=["answer"]
# 不一样：`reshape` 按 0、1、2、3、4、5 的顺序每行放两个，转置则让原来的列变成行。
# 拷贝有三个：`x + 0` 和 `x.clone()` 一定是；`x.T.reshape(6)` 要按 0、3、1、4、2、5 的顺序读，前进 3 格、后退 2 格，没有一个固定的步长做得到，只好拷贝。
# %% [markdown] lang="en" tags=["answer"]
# No: `reshape` takes 0, 1, 2, 3, 4, 5 in order, two in each row, while a transpose makes rows of the old columns.
# Three are copies: `x + 0` and `x.clone()` always, and `x.T.reshape(6)`, which must read 0, 3, 1, 4, 2, 5: three cells on, two back. No one stride does that, so it has to copy.
# %%
if __name__ == "__main__":
    print("reshape:", x.reshape(3, 2).tolist(), "T:", x.T.tolist())
    # eval runs a text as code; untyped_storage is the block, data_ptr its address: one address, one memory
    for code in ("x.reshape(3, 2)", "x.T", "x[1]", "x + 0", "x.clone()", "x.T.reshape(6)"):
        shared = eval(code).untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
        print(f"{code:16}", "view" if shared else "copy")

# %% [markdown] lang="zh" numbers="4 8 16777216 44 254"
# 一块内存里的元素类型都相同，这个类型叫 dtype。
# 它定下每个数占几个字节（一个字节是 8 位二进制数）。带小数点的数叫浮点数（float）：默认的 float32（单精度）占 4 个字节，约有 7 位有效数字；float64（双精度）占 8 个字节，约有 16 位。整数默认是 int64，占 8 个字节。
# 7 位够训练用（第 5 节起细讲），却要心里有数：从 16777216 起，float32 只剩偶数，16777216 加 1，还是 16777216。
# 图片常存成 8 位整数 uint8，只有 0 到 255；哪一头超出都绕回来，也不报错：$200 + 100 = 300$，减去 256，成了 44；$3 - 5 = -2$，加上 256，成了 254。要比两张图差多少，就得*先*用 `.int()` 或 `.float()` 换类型，再相减：等算成了 254，取绝对值 `abs` 也晚了。
# 要训练的数必须是浮点数，原因有两个：训练每次只改一丁点，整数一舍入就等于没改；训练还要问“改一丁点，误差变多少”，而整数要变就至少变 1。
# 张量放在哪里，看它的设备（device）：`cpu`，或者显卡 `cuda`（没有显卡也能学完全部课程）。不同设备上的张量不能直接相加，先用 `.to(…)` 搬到一起。
# 反过来，`.item()` 把张量里唯一的数变成 Python 的数，`.tolist()` 把所有的数变成嵌套的列表。
# %% [markdown] lang="en" numbers="4 8 16777216 44 254"
# All elements of a block have one type, its **dtype**.
# It fixes how many bytes (8 bits each) a number takes. Numbers with a decimal point are **floats**: the default, float32 (single precision), takes 4 bytes and has about 7 digits; float64 (double precision) takes 8 and has about 16. Whole numbers are int64 by default.
# Seven digits are enough for training (section 5), but keep them in mind: from 16777216 on, float32 has only even numbers, so 16777216 plus 1 is still 16777216.
# Pictures are often kept as whole numbers of 8 bits, uint8, from 0 to 255; what goes beyond either end wraps around, without an error: $200 + 100 = 300$, minus 256, is 44; $3 - 5 = -2$, plus 256, is 254. So to find how far two pictures differ, convert *before* you subtract, by `.int()` or `.float()`: once 254 stands there, `abs` comes too late.
# Numbers to be trained must be floats, for two reasons: training changes them by tiny amounts, which rounding to whole numbers would undo; and it asks how much a tiny change changes the error, while a whole number changes by 1 or more.
# The **device** says where the memory is: `cpu`, or `cuda`, a graphics card (the course needs none). Tensors on different devices can't be added: bring them together first, by `.to(…)`.
# Back to Python: `.item()` turns the only number in a tensor into a Python number, `.tolist()` all of them into nested lists.
# %%
if __name__ == "__main__":
    for values in ([1, 2], [1.0, 2.0], [True, False]):
        y = torch.tensor(values)
        print(y.dtype, "bytes each:", y.element_size(), "device:", y.device)
    print("16777216 + 1:", [(torch.tensor(16777216, dtype=d) + 1).item() for d in (torch.float32, torch.float64)])
    print("200 + 100, 3 - 5:", [(torch.tensor(a, dtype=torch.uint8) + b).item() for a, b in ((200, 100), (3, -5))])


# %% [markdown] lang="zh"
# ### 练习 · 元素在哪里 · 10 分钟
# 把上面用铅笔算的那一步写成代码：给出下标、步长、偏移量，返回元素在第几格，从内存的开头数起。例如 `flat_position((1, 2), (3, 1), 0)` 是 5。
# 轴可以是任意多个；没有轴的张量只有一个元素，下标是 `()`。下标和步长都不是负数。步长可以是 0：怎么走都停在同一格；第 2 节就靠它让数重复，却不占内存。
# 第 2 天的 `part2_strides` 会用这个公式造出卷积（看图片用的层；层就是网络里的一步计算）。
# %% [markdown] lang="en"
# ### Exercise · where an element is · 10 min
# Write in code what you did with a pencil: given an index, the strides and the offset, return the number of the element's cell, counted from the start of the block. For example, `flat_position((1, 2), (3, 1), 0)` is 5.
# There may be any number of axes; a tensor without axes has one element, and the index `()`. No index or stride is negative. A stride may be 0: however far you walk, you stay in the same cell; section 2 uses this to repeat numbers.
# On day 2, `part2_strides` makes a convolution, the **layer** (one step in a network's computation) that looks at pictures, out of this formula.
# %% exercise="flat_position" difficulty=2 importance=3 minutes=10
def flat_position(index: tuple[int, ...], stride: tuple[int, ...], offset: int) -> int:  # `...`: any number of them
    """The cell of the element at `index`, for any number of axes; without axes the index is `()`."""
    # solution
    return offset + sum(i * step for i, step in zip(index, stride, strict=True))


if __name__ == "__main__":
    if tests.test_flat_position(flat_position):  # the test says what is wrong, and is True if nothing is
        y = torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1)  # axes in another order, the same memory
        print("y[3, 1, 2] is", y[3, 1, 2].item(), "and in cell", flat_position((3, 1, 2), y.stride(), 0))

# %% [markdown] lang="zh" tags=["hint"]
# 第 i 个轴让你走多远？各个轴互相影响吗？
# %% [markdown] lang="en" tags=["hint"]
# How far does the i-th axis take you, and do the axes depend on one another?
# %% [markdown] lang="zh" tags=["hint"]
# 每个轴贡献“下标 × 步长”，全部加起来，再加偏移量；`zip` 把下标和步长配成对。
# %% [markdown] lang="en" tags=["hint"]
# Each axis contributes index times stride; add them all, and the offset; `zip` makes pairs of indices and strides.
# %% [markdown] lang="zh" tags=["question"] see="flat_position"
# 不用循环，怎样只靠换步长和偏移量，读出一个 $4 \times 4$ 方阵的对角线？想好以后，用 `torch.arange(16).as_strided((4,), (…,), 0)` 核对，括号里依次是形状、步长、偏移量。
# 想看更多这样的图，读“PyTorch internals”（Edward Z. Yang，英文）的前三分之一。那里还讲到，PyTorch 怎样按 dtype 和设备选出要运行的代码。
# %% [markdown] lang="en" tags=["question"] see="flat_position"
# Without a loop, by strides and offset alone, how do you read the diagonal of a $4 \times 4$ square? Check with `torch.arange(16).as_strided((4,), (…,), 0)`, whose arguments are shape, strides and offset.
# For more such pictures read the first third of “PyTorch internals” (Edward Z. Yang, in English): it also explains how PyTorch chooses the code to run by dtype and device.
# %% [markdown] lang="zh" tags=["answer"]
# 步长 5：下一行要跨 4 格，再往右 1 格。偏移量是 0，得到 0、5、10、15。
# %% [markdown] lang="en" tags=["answer"]
# With a stride of 5: four cells to the next row, and one to the right. The offset is 0, and you read 0, 5, 10, 15.
# %% [markdown] lang="zh"
# ## 2 · 轴：哪个消失，哪个重复
# 一张表有一百万行，要求出每一行的和。Python 的循环要好几秒，`x.sum(dim=1)`（沿轴 1 求和）一眨眼就完成：循环还在，只是换成了编译好的代码（事先译成了处理器的指令）来跑。
# 这样的运算让一个轴消失，叫归约（reduction），`sum`、`mean`、`amax`（最大值）、`std`（标准差：数有多分散）都是；`dim` 说的是*消失*的那个轴。
# 两行三列的表，`sum(dim=0)` 把行加在一起，剩下三个数；`sum(dim=1)` 让列消失，剩下两个数，一行一个；所以 `dim=0` 的意思不是“对每一行”，正好相反。
# `keepdim=True` 把那个轴留下，长度变成 1：形状是 $(2, 1)$，而不是 $(2,)$。
# `torch.cat` 把几个张量沿已有的轴接起来，两个 $(4, 5)$ 用 `dim=0` 接成 $(8, 5)$；`torch.stack` 沿一个新轴叠起来，叠成 $(2, 4, 5)$，用 `dim=1` 就是 $(4, 2, 5)$。
# %% [markdown] lang="en"
# ## 2 · Axes that vanish, axes that repeat
# You want the sum of each row of a table with a million rows. A Python loop takes several seconds; `x.sum(dim=1)`, a sum along axis 1, takes a moment: the loop is still there, but it runs in compiled code (ready for the processor).
# An operation that makes an axis vanish is a **reduction**, such as `sum`, `mean`, `amax` (the maximum), `std` (the standard deviation: how widely numbers are spread); `dim` names the axis that *vanishes*.
# Of a table with two rows and three columns, `sum(dim=0)` adds the rows together and leaves three numbers; `sum(dim=1)` makes the columns vanish and leaves two, one for each row; so `dim=0` doesn't mean “for each row”.
# `keepdim=True` keeps that axis, with length 1: the shape is $(2, 1)$ instead of $(2,)$.
# `torch.cat` joins tensors along an axis that they have: two of shape $(4, 5)$ become $(8, 5)$ with `dim=0`; `torch.stack` joins them along a new axis: $(2, 4, 5)$, or $(4, 2, 5)$ with `dim=1`.
# %%
table = torch.tensor([[1.0, 2, 3], [10, 20, 30]])
if __name__ == "__main__":
    print("dim=0:", table.sum(dim=0).tolist(), "dim=1:", table.sum(dim=1).tolist())
    print("dim=1, keepdim:", table.sum(dim=1, keepdim=True).tolist())
    figures.vanishing(table).show()

# %% [markdown] lang="zh" tags=["question"] see="normalize_rows"
# 现在要从每一行减去它自己的平均：`table - table.mean(dim=1)`。形状是 $(2, 3)$ 减 $(2,)$：会算对，会算错，还是报错？先预测，再运行。
# %% [markdown] lang="en" tags=["question"] see="normalize_rows"
# Now take from each row its own mean: `table - table.mean(dim=1)`. The shapes are $(2, 3)$ minus $(2,)$: is the result right, wrong, or an error? Predict, then run.
# %% [markdown] lang="zh" tags=["answer"]
# 报错：形状从*右边*对齐，3 对上了 2。如果表恰好是 $(3, 3)$，就不报错，而是悄悄算错：第 j 列减去了第 j 行的平均。
# %% [markdown] lang="en" tags=["answer"]
# An error: shapes are aligned from the *right*, and 3 meets 2. Were the table $(3, 3)$, there would be no error and a wrong result: column j minus the mean of row j.
# %%
if __name__ == "__main__":
    try:
        print(table - table.mean(dim=1))
    except RuntimeError as error:
        print("RuntimeError:", error)

# %% [markdown] lang="zh" numbers="1.33"
# 形状不同的两个张量怎样逐项计算，有一条规则，叫广播（broadcasting）：
# 从右边对齐；缺的轴在左边补上，长度为 1；每个轴上，两个长度要么相等，要么有一个是 1；长度为 1 的那个被重复使用（步长为 0，不占内存）。
# 索引里的 `None` 在那个位置添一个长度为 1 的轴：$(2,)$ 变成 $(2, 1)$，与 `keepdim=True` 留下的一样。要把一排数竖起来，可以用它；`.T` 不行：没有第二个轴可换（PyTorch 还会警告）。
# 动手算 $(3,)$ 的 $1, 2, 3$ 减去 $(3, 1)$ 的 $1, 2, 3$：一个横着，补成 $(1, 3)$，每一行重复一次；一个竖着，每一列重复一次；结果是 $(3, 3)$，第 i 行第 j 列是 $j - i$。
# 没有报错，却不是你想要的：预测 $1, 2, 3$ 与答案 $1, 2, 3$ 完全相同，均方误差（差的平方的平均）本该是 0，却成了 $12/9 \approx 1.33$，因为每个预测都与每个答案比了一遍。
# 照这样训练，模型（做出预测的函数）只会学到所有答案的平均，而且不会报错；所以要养成习惯：先看形状，再看数。
# %% [markdown] lang="en" numbers="1.33"
# How two tensors of different shapes are combined element by element has one rule, called **broadcasting**:
# Align from the right; put missing axes on the left, with length 1; on each axis the two lengths are equal, or one of them is 1; the one of length 1 is used again and again (by stride 0, without memory).
# A `None` within an index adds an axis of length 1 at that place: $(2,)$ becomes $(2, 1)$, just as `keepdim=True` would have left it. It can make a column of a single row of numbers; `.T` can't: there is no second axis (and PyTorch warns).
# By hand, $1, 2, 3$ of shape $(3,)$ minus $1, 2, 3$ of shape $(3, 1)$: one lies flat, becomes $(1, 3)$, and is repeated in each row; one stands upright and is repeated in each column; the result is $(3, 3)$, and row i, column j holds $j - i$.
# There is no error, but it isn't what you wanted: the guesses $1, 2, 3$ equal the answers $1, 2, 3$, so the mean squared error (the mean of the squared differences) should be 0; it is $12/9 \approx 1.33$, because each guess was compared with every answer.
# Trained in this way, a model (the function that makes the guesses) learns only the mean of all answers, and nothing warns you; remember: shapes first, then numbers.
# %%
if __name__ == "__main__":
    flat, upright = torch.tensor([1.0, 2, 3]), torch.tensor([[1.0], [2], [3]])
    print((flat - upright).tolist(), f"mean squared error {((flat - upright) ** 2).mean():.2f}")
    print("fixed:   ", (table - table.mean(dim=1, keepdim=True)).tolist())  # (2, 3) and (2, 1)
    print("the same:", (table - table.mean(dim=1)[:, None]).tolist())
    figures.stencils(flat, upright).show()

# %% [markdown] lang="zh" tags=["question"] see="normalize_rows"
# 下面五对形状，哪些能广播？能广播的，结果是什么形状？写在纸上，再运行下一格。
# $(4, 1)$ 与 $(3,)$；$(2, 3)$ 与 $(2,)$；$(2, 3)$ 与 $(2, 1)$；$(5, 1, 4)$ 与 $(3, 1)$；$(2, 3)$ 与 $(2, 3, 1)$。
# %% [markdown] lang="en" tags=["question"] see="normalize_rows"
# Which of these five pairs of shapes go together, and which shape results? Write it on paper, then run the next cell.
# $(4, 1)$ and $(3,)$; $(2, 3)$ and $(2,)$; $(2, 3)$ and $(2, 1)$; $(5, 1, 4)$ and $(3, 1)$; $(2, 3)$ and $(2, 3, 1)$.
# %% [markdown] lang="zh" tags=["answer"]
# 第二对：3 对 2，不行。最后一对：补成 $(1, 2, 3)$ 对 $(2, 3, 1)$，中间的 2 对 3，也不行；左边对齐看起来相配，但规则从右边起。
# 其余三对是 $(4, 3)$、$(2, 3)$、$(5, 3, 4)$。
# %% [markdown] lang="en" tags=["answer"]
# The second: 3 meets 2, no. The last: $(1, 2, 3)$ with $(2, 3, 1)$, where 2 meets 3 in the middle, no; from the left they would fit, but the rule begins at the right.
# The other three give $(4, 3)$, $(2, 3)$ and $(5, 3, 4)$.
# %%
if __name__ == "__main__":
    for a, b in (((4, 1), (3,)), ((2, 3), (2,)), ((2, 3), (2, 1)), ((5, 1, 4), (3, 1)), ((2, 3), (2, 3, 1))):
        try:
            print(a, b, "->", tuple(torch.broadcast_shapes(a, b)))
        except RuntimeError:
            print(a, b, "-> error")

# %% [markdown] lang="zh" numbers="0.25 0.75"
# 两样工具，马上要用。一是除法：每一行除以自己的和，就是每一项所占的份额，$(1, 3)$ 成了 $(0.25, 0.75)$；但全是 0 的行会得到 $0/0$，即 `nan`（不是数）；凡是拿它来加减乘除的，结果也都是 `nan`。
# `torch.where(condition, a, b)` 逐项选择：条件成立的地方取 `a`，否则取 `b`；先把分母里的 0 换成 1，再除。
# 二是读签名（第 8 节细讲）。`Float[Tensor, "m n"]`：浮点数的张量，两个轴，长度叫 m 和 n；`Int` 是整数，`Bool` 是真假值。
# 同一个签名里，同名的轴一样长；写成数的，长度就是这个数。`" n"` 是一个轴，`""` 是没有轴，`...` 是任意多个轴。
# 名字 batch 是惯例：那个轴上排着一批（batch）样本（example），即一起计算的几张图片、几句话。
# %% [markdown] lang="en" numbers="0.25 0.75"
# Two tools that you need in a moment. First, division: each row over its own sum gives the share of each entry, and $(1, 3)$ becomes $(0.25, 0.75)$; but a row of zeros gives $0/0$, which is `nan` (not a number), and any sum or product with it is `nan`, too.
# `torch.where(condition, a, b)` chooses element by element: `a` where the condition holds, else `b`; so replace the zeros in the denominator by 1, then divide.
# Second, reading a signature (more in section 8). `Float[Tensor, "m n"]`: a tensor of floats with two axes, of lengths m and n; `Int` means whole numbers, `Bool` truth values.
# Within a signature, axes with the same name are equally long; a number instead of a name is the length itself. `" n"` is one axis, `""` is no axis, and `...` is any number of axes.
# The name **batch** is a custom: along that axis lie the **examples** that are computed together, such as pictures or sentences.
# %%
if __name__ == "__main__":
    counts = torch.tensor([[1.0, 3], [0, 0]])
    sums = counts.sum(dim=1, keepdim=True)  # below, == compares element by element
    print("shares:", (counts / sums).tolist())
    print("without nan:", (counts / torch.where(sums == 0, 1, sums)).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 单位长度的行 · 8 分钟
# 一行数可以看成一个箭头，长度是平方和的平方根：$(3, 4)$ 的长度是 $\sqrt{9 + 16} = 5$。
# 每一行除以自己的长度，只留下方向：$(3, 4)$ 变成 $(0.6, 0.8)$。
# 全是 0 的行没有方向，保持为 0，不要变成 `nan`。只有长度恰好为 0 的行例外：$(1, -1)$ 的和是 0，长度却不是，照样要除；长度只有 `1e-7` 的行，也要变成长度 1。
# 输入里的数，除了 0，绝对值都在 `1e-11` 与 `1e15` 之间，平方以后 float32 也装得下；下一个练习也是这样。float64 的输入，全程用 float64 算：至少 10 位要对。
# %% [markdown] lang="en"
# ### Exercise · rows of unit length · 8 min
# A row of numbers can be seen as an arrow; its length is the root of the sum of squares: $(3, 4)$ has length $\sqrt{9 + 16} = 5$.
# Divide each row by its own length, and only its direction is left: $(3, 4)$ becomes $(0.6, 0.8)$.
# A row of zeros has no direction: it stays zero, without `nan`. Only rows of length exactly 0 are treated so: $(1, -1)$ sums to 0 but has a length, and even a row of length `1e-7` is brought to length 1.
# Except for 0, all entries have absolute values from `1e-11` to `1e15`, so float32 can hold their squares; in the next exercise, too. Compute in float64 all the way where the input is: at least 10 digits must be right.
# %% exercise="normalize_rows" difficulty=2 importance=4 minutes=8
def normalize_rows(matrix: Float[Tensor, "m n"]) -> Float[Tensor, "m n"]:
    """Each row over its length; rows of zeros as they are."""
    # solution
    length = matrix.norm(dim=1, keepdim=True)
    return matrix / torch.where(length == 0, 1, length)


if __name__ == "__main__":
    tests.test_normalize_rows(normalize_rows)


# %% [markdown] lang="zh" tags=["hint"]
# 上一格除以每一行的和；这里该除以什么？它的形状应当是 `m` 还是 `m 1`？
# %% [markdown] lang="en" tags=["hint"]
# The cell above divides by the sum of each row; what do you divide by here, and should its shape be `m` or `m 1`?
# %% [markdown] lang="zh" tags=["hint"]
# 查一查 `Tensor.norm`，它也有 `dim` 和 `keepdim`；长度为 0 的行用 `torch.where` 处理。
# %% [markdown] lang="en" tags=["hint"]
# Look up `Tensor.norm`, which has `dim` and `keepdim` too; `torch.where` deals with rows of length 0.
# %% [markdown] lang="zh"
# ### 练习 · 余弦相似度 · 8 分钟
# 两张图片、两个词有多像？常用的尺子是两个箭头夹角的余弦（cosine）：同向是 1，垂直是 0，反向是 $-1$，与长短无关。
# 单位长度的两行，余弦就是内积（inner product，也叫点积）：逐项相乘再求和。$(0.6, 0.8)$ 与 $(0.8, 0.6)$：$0.48 + 0.48 = 0.96$。
# 许多内积可以一次算完，这就是矩阵乘法 `a @ b`：结果的第 i 行第 j 列，是 `a` 的第 i *行*与 `b` 的第 j *列*的内积（要让行与行相乘，就得想想该转置哪一边）。两边若都只有一个轴，就只有一个内积，结果没有轴。
# 逐项计算时，两边的 dtype 可以不同，PyTorch 会自动转换（float32 加 float64 得 float64）；`@` 却要两边 dtype 相同，否则报错。
# 返回每一行与每一行的余弦：$(3, 4)$ 与 $(4, 3)$ 两行，给出 1、0.96、0.96、1 四个数，排成 $2 \times 2$；行的长度至少是 `1e-7`，或者恰好是 0；与全 0 的行的相似度是 0，它与自己也是 0。可以调用上一个练习的函数。
# %% [markdown] lang="en"
# ### Exercise · cosine similarity · 8 min
# How alike are two pictures, or two words? A common measure is the **cosine** of the angle between two arrows: 1 in the same direction, 0 at a right angle, $-1$ in opposite directions, whatever their lengths.
# For two rows of unit length the cosine is their **inner product** (or dot product): multiply entry by entry, then sum. $(0.6, 0.8)$ and $(0.8, 0.6)$: $0.48 + 0.48 = 0.96$.
# Many inner products at once are the matrix product `a @ b`: row i, column j of the result is the inner product of *row* i of `a` and *column* j of `b` (for rows with rows, think what to transpose). If both have just one axis, there is one inner product, and the result has no axis.
# Element by element the two dtypes may differ, and PyTorch converts (float32 plus float64 is float64); but `@` wants one dtype on both sides, or else there is an error.
# Return the cosine of each row with each row: the two rows $(3, 4)$ and $(4, 3)$ give four numbers, 1, 0.96, 0.96, 1, as a $2 \times 2$ table; rows have a length of at least `1e-7`, or exactly 0; with a row of zeros the similarity is 0, also with itself. You may call the function of the last exercise.
# %% exercise="cos_sim_matrix" difficulty=2 importance=4 minutes=8
def cos_sim_matrix(matrix: Float[Tensor, "m n"]) -> Float[Tensor, "m m"]:
    """The cosine similarity of each row with each row; 0 with a row of zeros."""
    # solution
    rows = normalize_rows(matrix)
    return rows @ rows.T


if __name__ == "__main__":
    if tests.test_cos_sim_matrix(cos_sim_matrix):
        figures.similarity(cos_sim_matrix).show()  # 50 pictures of handwritten digits, the 0s first, then the 1s

# %% [markdown] lang="zh" tags=["hint"]
# 上一个练习的函数能替你做哪一半？
# %% [markdown] lang="en" tags=["hint"]
# Which half of the work does the function of the last exercise do for you?
# %% [markdown] lang="zh" tags=["hint"]
# `@` 用的是右边的列，而你要的是行：哪个属性把行变成列？
# %% [markdown] lang="en" tags=["hint"]
# `@` takes the columns of its right side, and you want rows: which attribute makes columns of rows?
# %% [markdown] lang="zh" tags=["question"] see="cos_sim_matrix"
# 一批图片的形状是 $(10, 3, 28, 28)$：图片、颜色、高、宽。要给三种颜色各乘一个因子，因子的形状该是 $(3,)$ 吗？
# 更多图示见 NumPy 文档的“Broadcasting”（英文），那里从省内存讲起；读完请回答：什么时候广播反而更费内存？
# %% [markdown] lang="en" tags=["question"] see="cos_sim_matrix"
# Pictures have shape $(10, 3, 28, 28)$: picture, colour, height, width. To multiply each of the three colours by a factor of its own, should the factors have shape $(3,)$?
# NumPy's documentation has more drawings under “Broadcasting” (in English), and begins with the memory saved; then say: when does broadcasting cost more memory instead?
# %% [markdown] lang="zh" tags=["answer"]
# 不行：从右边对齐，3 会对上宽 28。要 $(3, 1, 1)$，写成 `factor[:, None, None]`。
# 重复的那一份不占内存，结果却是实实在在的：一万个点两两相减，就是一亿个数。
# %% [markdown] lang="en" tags=["answer"]
# No: aligned from the right, 3 meets the width, 28. It must be $(3, 1, 1)$, written `factor[:, None, None]`.
# The repetition takes no memory, but the result does: ten thousand points, each minus each, are a hundred million numbers.
# %% [markdown] lang="zh" numbers="1.25 0.5"
# ## 3 · 索引与抽样
# 分类器（把样本归入类别的模型）给每个类别打一个分，训练时要取出*正确*那一类的分，而每个样本的正确类别都不同：切片做不到，要用张量当索引。
# 规则只有一条：结果的形状是索引的形状，每个位置换成它所指的元素。练习里的索引和类别编号都是 int64，没有负数。
# 价格是 $(0.5, 3, 1.25)$，编号是 $(2, 0, 2, 2)$，取出的就是 $(1.25, 0.5, 1.25, 1.25)$：可以重复，顺序随你。在有行有列的表里，一个编号指的是一整行。
# 给两个索引时，第一个说行号，第二个说列号：两者先广播成同一个形状，再一对一对地取，结果就是这个形状；写冒号 `:` 的轴整个保留。
# 单独一个整数去掉它的轴，切片却留着：形状 $(5, 6, 7)$ 的 `t[0]` 是 $(6, 7)$，`t[0:1]` 是 $(1, 6, 7)$；`...` 代表没有写出的所有轴，`t[..., 0]` 就是 $(5, 6)$。
# 整数、切片、`None` 给的都是视图，用列表或有轴的张量当索引，却总是拷贝：列表可以点名任何元素，一般写不成步长，所以连 `[0, 1]` 也拷贝。
# %% [markdown] lang="en" numbers="1.25 0.5"
# ## 3 · Indexing and sampling
# A classifier, a model that sorts examples into classes, gives each class a score, and training needs the score of the *true* class, another one for each example: no slice does that, a tensor as an index does.
# There is one rule: the result has the shape of the index, and at each place stands the element that the index names. In the exercises all indices and class numbers are int64, and none is negative.
# With prices $(0.5, 3, 1.25)$ and numbers $(2, 0, 2, 2)$ you get $(1.25, 0.5, 1.25, 1.25)$: repeats are allowed, in any order. In a table of rows and columns one number names a whole row.
# With two indices the first holds row numbers, the second column numbers: they are first broadcast to one shape, then go in pairs, and the result has that shape; a colon `:` by itself leaves its axis as it is.
# A single integer takes its axis away, a slice keeps it: of shape $(5, 6, 7)$, `t[0]` is $(6, 7)$ and `t[0:1]` is $(1, 6, 7)$; `...` stands for all axes that aren't written, so `t[..., 0]` is $(5, 6)$.
# Integers, slices and `None` give views, but an index that is a list or a tensor with axes always copies: a list may name any elements, which in general no stride describes, so even `[0, 1]` copies.
# %% [markdown] lang="zh" tags=["question"] see="integer_array_indexing"
# `m` 有两行，$(10, 11, 12)$ 和 $(20, 21, 22)$。`m[[0, 1], [2, 0]]` 有几个数？是两个，还是 $2 \times 2$ 的一块？
# %% [markdown] lang="en" tags=["question"] see="integer_array_indexing"
# `m` has two rows, $(10, 11, 12)$ and $(20, 21, 22)$. How many numbers are in `m[[0, 1], [2, 0]]`: two, or a block of $2 \times 2$?
# %% [markdown] lang="zh" tags=["answer"]
# 两个：12 和 20。两个索引先互相广播，再一一配对。
# 要一整块，就让行的索引竖起来：`m[[[0], [1]], [2, 0]]`，形状 $(2, 1)$ 与 $(2,)$ 广播成 $(2, 2)$。
# %% [markdown] lang="en" tags=["answer"]
# Two: 12 and 20. The indices are broadcast against each other, then go in pairs.
# For a block let the row index stand upright: `m[[[0], [1]], [2, 0]]`, where $(2, 1)$ and $(2,)$ broadcast to $(2, 2)$.
# %%
prices, m = torch.tensor([0.5, 3, 1.25]), torch.tensor([[10, 11, 12], [20, 21, 22]])
if __name__ == "__main__":
    print("by number:", prices[torch.tensor([2, 0, 2, 2])].tolist(), "row 1 twice:", m[torch.tensor([1, 1])].tolist())
    print("pairs:", m[[0, 1], [2, 0]].tolist(), "block:", m[[[0], [1]], [2, 0]].tolist())
    picked = prices[[0, 1]]
    picked += 100  # in place: changes the memory of `picked`, and that is a copy
    print("prices still", prices.tolist())


# %% [markdown] lang="zh"
# ### 练习 · 挑行 · 3 分钟
# 按 `row_indexes` 的顺序取出整行，号码重复，行也重复：从上面的 `m` 里取 $(1, 1)$，得到两个 $(20, 21, 22)$。
# 嵌入表（每个词一行，第 2 天）就是这样查的。
# %% [markdown] lang="en"
# ### Exercise · choose rows · 3 min
# Take whole rows in the order of `row_indexes`, and a row as often as its number comes: from `m` above, $(1, 1)$ gives $(20, 21, 22)$ twice.
# A table of embeddings (one row for each word, day 2) is looked up in this way.
# %% exercise="collect_rows" difficulty=1 importance=4 minutes=3
def collect_rows(matrix: Float[Tensor, "m n"], row_indexes: Int[Tensor, " k"]) -> Float[Tensor, "k n"]:
    """The rows with these numbers, in this order, repeated where a number is."""
    # solution
    return matrix[row_indexes]


if __name__ == "__main__":
    tests.test_collect_rows(collect_rows)


# %% [markdown] lang="zh" tags=["hint"]
# 只给一个索引时，它管哪一个轴？
# %% [markdown] lang="en" tags=["hint"]
# When you give a single index, which axis is it for?
# %% [markdown] lang="zh"
# ### 练习 · 挑列 · 3 分钟
# 同样的事，这次取列：从上面的 `m` 里取 $(2, 0)$，得到 $(12, 10)$ 和 $(22, 20)$ 两行。
# %% [markdown] lang="en"
# ### Exercise · choose columns · 3 min
# The same for columns: from `m` above, $(2, 0)$ gives the two rows $(12, 10)$ and $(22, 20)$.
# %% exercise="collect_columns" difficulty=1 importance=4 minutes=3
def collect_columns(matrix: Float[Tensor, "m n"], column_indexes: Int[Tensor, " k"]) -> Float[Tensor, "m k"]:
    """The columns with these numbers, in this order, repeated where a number is."""
    # solution
    return matrix[:, column_indexes]


if __name__ == "__main__":
    tests.test_collect_columns(collect_columns)


# %% [markdown] lang="zh" tags=["hint"]
# 怎样说“所有的行”，再说“这些列”？
# %% [markdown] lang="en" tags=["hint"]
# How do you say “all rows”, and then “these columns”?
# %% [markdown] lang="zh"
# ### 练习 · 按坐标取 · 10 分钟
# `coords` 的每一行是一个元素的完整坐标：$(0, 2)$ 和 $(1, 0)$ 两行，从上面的 `m` 里取出 12 和 20。
# 张量有几个轴，一行就有几个数；轴至少一个，四个、六个都要行。记住 `m[i, j]` 就是 `m[(i, j)]`：方括号里的逗号造出一个元组，这个元组也可以由代码造出来。
# %% [markdown] lang="en"
# ### Exercise · by coordinates · 10 min
# Each row of `coords` is one element's full coordinates: the rows $(0, 2)$ and $(1, 0)$ take 12 and 20 from `m` above.
# A row has as many numbers as the tensor has axes, at least one, and four or six must work. Remember that `m[i, j]` is `m[(i, j)]`: commas in brackets make a tuple, and code can make that tuple, too.
# %% exercise="integer_array_indexing" difficulty=3 importance=4 minutes=10
def integer_array_indexing(matrix: Float[Tensor, "..."], coords: Int[Tensor, "batch ndim"]) -> Float[Tensor, " batch"]:
    """The element of the tensor at each row of coordinates, for any number of axes."""
    # solution
    return matrix[coords.unbind(dim=1)]


if __name__ == "__main__":
    tests.test_integer_array_indexing(integer_array_indexing)


# %% [markdown] lang="zh" tags=["hint"]
# `m[rows, columns]` 要的是一列行号、一列列号；`coords` 里哪些数是行号？
# %% [markdown] lang="en" tags=["hint"]
# `m[rows, columns]` wants all row numbers, then all column numbers; where in `coords` are the row numbers?
# %% [markdown] lang="zh" tags=["hint"]
# 索引是一个元组，每个轴一个张量。查一查 `unbind`，它把一个张量沿某个轴拆成元组。
# %% [markdown] lang="en" tags=["hint"]
# The index is a tuple with one tensor per axis. Look up `unbind`, which breaks a tensor along an axis into a tuple.
# %% [markdown] lang="zh"
# ### 练习 · 总价，用索引 · 3 分钟
# `items` 是买了哪些商品的编号，从 0 数起，同一件可以买几次：上面的价格和编号 $(2, 0, 2)$，总价是 $1.25 + 0.5 + 1.25 = 3.0$。
# `items` 可以是空的：什么也没买，就是 0.0（0 也行）。返回 Python 的数，不是张量。
# %% [markdown] lang="en"
# ### Exercise · the total, by indexing · 3 min
# `items` are the numbers of what was bought, counted from 0, and one thing may be bought several times: with the prices above, $(2, 0, 2)$ costs $1.25 + 0.5 + 1.25 = 3.0$.
# `items` may be empty: then return 0.0 (or 0). Return a Python number, not a tensor.
# %% exercise="total_price_indexing" difficulty=1 importance=3 minutes=3
def total_price_indexing(prices: Float[Tensor, " k"], items: Int[Tensor, " n"]) -> float:
    """The sum of the prices of all items, as a Python number; 0.0 without items."""
    # solution
    return prices[items].sum().item()


if __name__ == "__main__":
    tests.test_total_price_indexing(total_price_indexing)

# %% [markdown] lang="zh" tags=["hint"]
# 先取出价格，再求和；哪个方法把只有一个元素的张量变成 Python 的数？第 1 节末尾用过它。
# %% [markdown] lang="en" tags=["hint"]
# Fetch the prices, then sum; which method makes a Python number of a tensor with one element? A cell of section 1 used it.
# %% [markdown] lang="zh"
# 每一行要取的列各不相同时，用 `m.gather(1, indexes)`，意思是 `out[i, j] = m[i, indexes[i, j]]`。
# 索引要与 `m` 有一样多的轴，结果的形状还是索引的形状；`dim=1` 说的是：`m` 的第二个下标，也就是列号，换成 `indexes[i, j]`，其余照抄。
# 换成 `dim=0`，公式就是 `out[i, j] = m[indexes[i, j], j]`：替换的是行号。
# %% [markdown] lang="en"
# Where each row needs columns of its own, use `m.gather(1, indexes)`, which means `out[i, j] = m[i, indexes[i, j]]`.
# The index has as many axes as `m`, and the result again has the shape of the index; `dim=1` says: the second index of `m`, the column number, becomes `indexes[i, j]`, and the other stays as it is.
# With `dim=0` the formula is `out[i, j] = m[indexes[i, j], j]`: the row number is replaced.
# %%
if __name__ == "__main__":
    indexes = torch.tensor([[2, 0], [1, 1]])
    print("dim=1:", m.gather(1, indexes).tolist(), "dim=0:", m.gather(0, torch.tensor([[1, 0, 1]])).tolist())
    figures.gathered(m, indexes).show()


# %% [markdown] lang="zh"
# ### 练习 · 每行取几个 · 8 分钟
# 写出 `out[i, j] = matrix[i, indexes[i, j]]`：上面的 `m` 与 `indexes` 给出 $(12, 10)$ 和 $(21, 21)$ 两行。
# 用 `gather` 或用索引都行；第 7 节就靠它取出正确的那一类。
# %% [markdown] lang="en"
# ### Exercise · some of each row · 8 min
# Write `out[i, j] = matrix[i, indexes[i, j]]`: `m` and `indexes` from above give the rows $(12, 10)$ and $(21, 21)$.
# Use `gather` or indexing, as you like; section 7 takes the true class with it.
# %% exercise="gather_2d" difficulty=3 importance=5 minutes=8
def gather_2d(matrix: Float[Tensor, "m n"], indexes: Int[Tensor, "m k"]) -> Float[Tensor, "m k"]:
    """From each row of the matrix the elements at the columns in the same row of `indexes`."""
    # solution
    return matrix.gather(1, indexes)


if __name__ == "__main__":
    tests.test_gather_2d(gather_2d)


# %% [markdown] lang="zh" tags=["hint"]
# 公式右边被 `indexes` 替换的，是第几个下标？
# %% [markdown] lang="en" tags=["hint"]
# Which index on the formula's right side is replaced by `indexes`?
# %% [markdown] lang="zh" tags=["hint"]
# 若用索引来写，行号要是一列 0、1、2……，形状 `m 1`，好与 `indexes` 广播。
# %% [markdown] lang="en" tags=["hint"]
# If you write it by indexing, the row numbers are a column 0, 1, 2, … of shape `m 1`, to broadcast with `indexes`.
# %% [markdown] lang="zh"
# ### 练习 · 总价，用 gather · 4 分钟
# 同样的总价，同样的规矩，这次必须用 `gather` 取出价格；只有一个轴时，公式是 `out[i] = prices[items[i]]`。
# %% [markdown] lang="en"
# ### Exercise · the total, by gather · 4 min
# The same total by the same rules, and this time `gather` must fetch the prices; with one axis its formula is `out[i] = prices[items[i]]`.
# %% exercise="total_price_gather" difficulty=2 importance=3 minutes=4
def total_price_gather(prices: Float[Tensor, " k"], items: Int[Tensor, " n"]) -> float:
    """What `total_price_indexing` returns: a Python number, 0.0 without items; by `gather`."""
    # solution
    return prices.gather(0, items).sum().item()


if __name__ == "__main__":
    tests.test_total_price_gather(total_price_gather)

# %% [markdown] lang="zh" tags=["hint"]
# 公式里只有一个下标：`dim` 该是几？
# %% [markdown] lang="en" tags=["hint"]
# The formula has a single index: what must `dim` be?
# %% [markdown] lang="zh" tags=["hint"]
# 取出的价格与 `items` 一样长；其余的与上一个总价相同。
# %% [markdown] lang="en" tags=["hint"]
# The prices you fetch are as many as `items`; the rest is as in the other total.
# %% [markdown] lang="zh" numbers="4 0.67"
# 比较也是逐项的：`m > 11` 给出一张真假表，形状与 `m` 相同。
# 真算 1，假算 0，所以求和得到个数，求平均得到比例：六个数里大于 11 的有 4 个，占 0.67。求平均之前要先 `.float()`：PyTorch 的 `mean` 不收真假值，会报错。
# `argmax(dim=1)` 给出每一行里最大的数在第几列。
# %% [markdown] lang="en" numbers="4 0.67"
# A comparison, too, goes element by element: `m > 11` is a table of truth values of the shape of `m`.
# True counts as 1 and false as 0, so their sum says how many are true, and their mean which share: of the six numbers 4 are above 11, a share of 0.67. Before a mean, turn them into floats by `.float()`: PyTorch's `mean` takes no truth values.
# `argmax(dim=1)` says for each row in which column its largest number is.
# %%
if __name__ == "__main__":
    print((m > 11).tolist(), "how many:", (m > 11).sum().item(), f"share: {(m > 11).float().mean():.2f}")
    print("largest in column:", torch.tensor([[0.1, 0.7, 0.2], [5.0, -1, 3]]).argmax(dim=1).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 准确率 · 5 分钟
# 一行是一个样本，一列是一类；分数最高的类就是预测，准确率（accuracy）是预测对了的比例。
# 上一格的两行分数，预测是 1 和 0；正确的类若是 1 和 2，准确率就是 0.5；返回没有轴的 float32 张量，不管分数是什么类型。每行的最高分只有一个，但第二名可能只差一点点，所以要直接比较分数：若先做变换再比，舍入可能使两者相等。
# %% [markdown] lang="en"
# ### Exercise · accuracy · 5 min
# A row is an example, a column a class; the class with the highest score is the prediction, and the **accuracy** is the share of predictions that are right.
# For the two rows of scores in the last cell the predictions are 1 and 0; if the true classes are 1 and 2, the accuracy is 0.5; return a float32 tensor without axes, whatever the type of the scores. No two scores of a row tie for the highest, but the second may be very close, so compare the scores themselves: rounding in a transformation may make the two equal.
# %% exercise="classifier_accuracy" difficulty=1 importance=4 minutes=5
def classifier_accuracy(scores: Float[Tensor, "batch k"], true_classes: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
    """The share of predictions that are right, in float32."""
    # solution
    return (scores.argmax(dim=1) == true_classes).float().mean()


if __name__ == "__main__":
    tests.test_classifier_accuracy(classifier_accuracy)

# %% [markdown] lang="zh" tags=["hint"]
# 两步：每一行预测哪一类？预测与正确的类相等的，占多少？
# %% [markdown] lang="en" tags=["hint"]
# Two steps: which class does each row predict, and in which share of the rows is it the true one?
# %% [markdown] lang="zh" numbers="0.5 0.7 1.0"
# 语言模型（一个词一个词写文章的网络）挑选接下来的词时，不总挑最可能的那个，而是按概率抽一个。`torch.rand(3)` 只给出三个 0 到 1 之间均匀的随机数（可以是 0，不会是 1），怎样变成按概率的抽样？
# 把一把长度为 1 的尺子切成段，第 i 段长 `probs[i]`；随机数落在哪一段，就是哪一类：段越长，落进去的机会越大。
# 概率是 $(0.5, 0.2, 0.3)$ 时，各段的右端是累加和（cumulative sum）：0.5、0.7、1.0。
# 段和类都从 0 数起：随机数 0.1 一个右端也没越过，是第 0 类；0.6 越过一个，是第 1 类；0.95 越过两个，是第 2 类。越过了几个右端，就是第几类。
# %% [markdown] lang="en" numbers="0.5 0.7 1.0"
# When a language model (a network that writes text word by word) writes the next word, it doesn't always take the likeliest: it draws one by probability. But `torch.rand(3)` only gives three random numbers, spread evenly from 0 to 1 (0 may come, 1 never does); how do you turn them into draws by probability?
# Cut a ruler of length 1 into pieces, piece i of length `probs[i]`; the piece on which the random number falls is the category: the longer a piece, the likelier it is hit.
# With probabilities $(0.5, 0.2, 0.3)$ the right ends of the pieces are their **cumulative sum**: 0.5, 0.7, 1.0.
# Both are counted from 0: the random number 0.1 has passed no right end and is category 0; 0.6 has passed one: category 1; 0.95 two: category 2. The category is the number of right ends passed.
# %%
if __name__ == "__main__":
    ends = torch.tensor([0.5, 0.2, 0.3]).cumsum(dim=0)
    print("right ends:", [f"{end:.1f}" for end in ends])
    print("passed:", [(u, sum(u >= end.item() for end in ends)) for u in (0.1, 0.6, 0.95)])
    figures.ruler(torch.tensor([0.5, 0.2, 0.3]), 0.6).show()


# %% [markdown] lang="zh"
# ### 练习 · 按概率抽样 · 15 分钟
# 抽 `n` 次（至少一次），返回 `n` 个类别，从 0 数起，类型 int64：例如概率 $(0.5, 0.2, 0.3)$、`n` 是 3，可能得到 $(0, 2, 0)$。
# 上一格用循环数右端；你可以用广播，也可以用现成的函数，例如 `torch.multinomial`，它要概率、`n` 和 `replacement=True`（抽出的放回去，下一次仍可能抽到它；忘了写，`n` 小时不报错，结果却不对）。
# 每次抽样用自己的随机数，互不相干，所以各类的个数和先后，每次调用都不同。随机数用 torch、NumPy 或者 Python 的 `random` 来抽都行，但不要设随机种子（`torch.manual_seed` 会让随机数每次都一样）。
# 绝不能抽到概率为 0 的类；只有一类时，全是 0。
# `probs` 加起来是 1，但由于舍入，最后一个右端可能比 1 略小，随机数可能比它还大。
# 这时给最后一个概率不为 0 的类，而不是第 k 类（编号只到 k−1）。
# %% [markdown] lang="en"
# ### Exercise · draw by probability · 15 min
# Draw `n` times (at least once) and return `n` categories, counted from 0, as int64: with probabilities $(0.5, 0.2, 0.3)$ and `n` 3 it may be $(0, 2, 0)$.
# The cell above counts the ends in a loop; you may use broadcasting or a ready-made function, such as `torch.multinomial`, which takes probabilities, `n` and `replacement=True` (what was drawn is put back; without it, a small `n` gives wrong draws, and no error).
# Each draw has a random number of its own, so counts and order differ from call to call; draw by torch, NumPy or Python's `random`, and set no seed (`torch.manual_seed` would make the random numbers the same each time).
# Never return a category of probability 0; with a single category, every draw is 0.
# `probs` sum to 1, but by rounding the last right end may be slightly below 1, and a random number may pass it.
# Then return the last category whose probability isn't 0, and not k (the numbers end at k-1).
# %% exercise="sample_distribution" difficulty=3 importance=4 minutes=15
def sample_distribution(probs: Float[Tensor, " k"], n: int) -> Int[Tensor, " n"]:
    """`n` independent samples from 0 to k-1; a category of probability 0 is never drawn."""
    # solution
    ends = probs.cumsum(dim=0)
    return (torch.rand(n, 1) >= ends / ends[-1]).sum(dim=1)  # the last end is 1, which rounding may have missed


if __name__ == "__main__":
    if tests.test_sample_distribution(sample_distribution):
        probs = torch.tensor([0.05, 0.1, 0.4, 0.2, 0.25])
        figures.frequencies(probs, sample_distribution(probs, 10_000)).show()

# %% [markdown] lang="zh" tags=["hint"]
# 要让每个随机数与每个右端比较，两者的形状该怎样摆，才广播成 `n k`？
# %% [markdown] lang="en" tags=["hint"]
# Each random number meets each right end: in which shapes do the two broadcast to `n k`?
# %% [markdown] lang="zh" tags=["hint"]
# 查一查 `torch.rand` 和 `cumsum`；真假值的和就是越过了几个。也可以用 `torch.multinomial`。
# %% [markdown] lang="en" tags=["hint"]
# Look up `torch.rand` and `cumsum`; a sum of truth values says how many were passed. Or use `torch.multinomial`.
# %% [markdown] lang="zh" tags=["hint"]
# 右端除以最后一个右端，最后一个就恰好是 1，而 `torch.rand` 永远小于 1。
# %% [markdown] lang="en" tags=["hint"]
# Divide the ends by the last one: it becomes exactly 1, and `torch.rand` always stays below 1.
# %% [markdown] lang="zh" tags=["question"] see="sample_distribution"
# 抽 $n$ 次，概率为 $p$ 的那一类大约出现 $n p$ 次，标准差是 $\sqrt{n p (1 - p)}$：上面最后一类（0.25）在 10,000 次里是 2500 次，上下差 43 次左右。所以测试这种函数，要容许四五倍的偏差；卡得更紧，对的代码也会偶尔过不了。
# 切尺子之前，要不要先把概率从大到小排好？排了会怎样？
# %% [markdown] lang="en" tags=["question"] see="sample_distribution"
# Of $n$ draws about $n p$ fall into a category of probability $p$, with a standard deviation of $\sqrt{n p (1 - p)}$: above, the last one (0.25) gets 2500 of 10,000, give or take 43. So a test of such a function allows four or five times that: with less, right code fails now and then.
# Must the probabilities be sorted before you cut the ruler? And if you sort them, what happens?
# %% [markdown] lang="zh" tags=["answer"]
# 不必：每一段的长度不变，落进去的机会就不变，先后无所谓。
# 排了反而要出错：第 0 段成了最可能的一类，而不再是第 0 类，除非再把编号换回来。
# %% [markdown] lang="en" tags=["answer"]
# No: each piece keeps its length, and so its chance, wherever it lies.
# Sorting even does harm: piece 0 is then the likeliest category and no longer category 0, unless you translate the numbers back.
# %% [markdown] lang="zh" numbers="6.67"
# ## 4 · 同名不同义：NumPy 与 PyTorch
# 你拿到的数据多半是 NumPy 数组，模型要的却是 PyTorch 张量：它能放到显卡上去算（第 1 节），还能记下自己是怎样算出来的，好求斜率（第 5 节）；数组做不到这两件事。
# PyTorch 借用了 NumPy 的许多名字，却没有借用全部含义。
# 同一个名字算出不同的数，又不报错，这样的错误最难找；差别多半出于四个原因：
# 一，类型：NumPy 的浮点数默认 float64，PyTorch 默认 float32；整数与浮点数相加时，PyTorch 听浮点数那一方的，NumPy 却要找一个装得下双方的类型。
# 二，约定：同一个统计量，两边的定义可能不同；同一个名字，两边的做法也可能不同。例如 `x` 的形状是 $(5, 6, 7)$ 时，`np.transpose(x)` 把轴全部倒过来，成了 $(7, 6, 5)$；`torch.transpose(x, 0, 1)` 只交换点名的两个，成了 $(6, 5, 7)$。没说沿哪个轴时，NumPy 多半先把表展平成一行再算。
# 三，返回：PyTorch 的一些函数把值和下标一起返回。
# 四，内存：NumPy 的步长可以是负数，于是倒着读也是视图；PyTorch 的不可以。
# 约定的例子：$2, 4, 6, 8$ 的平均是 5，差的平方和是 $9 + 1 + 1 + 9 = 20$。
# 方差（variance）是除以 $n$ 得 5，还是除以 $n - 1$ 得 6.67？NumPy 默认除以 $n$，PyTorch 默认除以 $n - 1$，因为它假定这几个数是从一大批里抽出来的。
# 反复抽，每次都除以 $n - 1$，方差平均起来正好是那一大批的；除以 $n$，平均偏小。
# 标准差是方差的平方根，也跟着不同；写上 `correction=0`，PyTorch 也会除以 $n$。
# %% [markdown] lang="en" numbers="6.67"
# ## 4 · Alike, yet not the same: NumPy and PyTorch
# Data mostly comes in NumPy's arrays, models want PyTorch's tensors, which can do what arrays can't: run on a graphics card (section 1), and note how they were computed, for finding slopes (section 5).
# PyTorch borrowed many of NumPy's names, not all of their meanings.
# One name, two numbers and no error: no mistake is harder to find; most differences have one of four causes:
# One, types: NumPy's floats are float64 by default, PyTorch's float32; where integers meet floats, PyTorch goes by the floats, NumPy looks for a type that holds both.
# Two, conventions: a statistic may be defined in two ways, a name may do two things. For `x` of shape $(5, 6, 7)$ `np.transpose(x)` reverses all axes, to $(7, 6, 5)$, while `torch.transpose(x, 0, 1)` swaps the two named, to $(6, 5, 7)$. Without an axis NumPy mostly flattens the table into one row first.
# Three, results: some of PyTorch's functions return values and indices together.
# Four, memory: NumPy's strides may be negative, so reading backwards is a view; PyTorch's may not.
# A convention: the mean of $2, 4, 6, 8$ is 5, and the squared differences sum to $9 + 1 + 1 + 9 = 20$.
# Is the **variance** this sum divided by $n$, which is 5, or by $n - 1$, which is 6.67? NumPy divides by $n$ by default, PyTorch by $n - 1$, because it takes the numbers for a sample, a few drawn from many.
# Draw again and again: divided by $n - 1$, the variances are on average that of the many; divided by $n$, they are too small.
# The standard deviation is the root of the variance, so it differs too; with `correction=0` PyTorch divides by $n$.
# %% [markdown] lang="zh" tags=["question"] see="predict_numbers"
# 下一格有三个表达式，每个在两边各运行一次。先写下六个结果，再运行。
# %% [markdown] lang="en" tags=["question"] see="predict_numbers"
# The next cell has three expressions, each run on both sides. Write down six results, then run it.
# %% [markdown] lang="zh" tags=["answer"]
# 方差是 5.00 与 6.67；`zeros` 是 float64 与 float32；`(x > 3).sum()` 两边都是 3：不是处处都不同。
# %% [markdown] lang="en" tags=["answer"]
# The variance is 5.00 and 6.67; `zeros` are float64 and float32; `(x > 3).sum()` is 3 on both sides: not everything differs.
# %%
if __name__ == "__main__":
    a = np.array([2.0, 4, 6, 8])
    x = torch.tensor(a)
    print(f"variance {a.var():.2f} and {x.var():.2f}; corrected {x.var(correction=0):.2f}")
    print("zeros", np.zeros(2).dtype, "and", torch.zeros(2).dtype, "; above 3:", (a > 3).sum(), "and", (x > 3).sum())
    back = a[::-1]  # from the end to the start: a view, by a negative stride
    a[3] = 80
    print("reversed view:", back.tolist(), "; the tensor was copied:", x.tolist())

# %% [markdown] lang="zh"
# ### 练习 · 元素的类型 · 8 分钟
# 这个练习和后面三个，共有二十一处差别，每一处是两个表达式，一般左边是 NumPy，右边是 PyTorch。
# 先预测，再测试：测试会真的运行它们，只说哪一处不对，不给正确答案；猜错了就去运行它，看看属于四个原因里的哪一个。会不会报错，可以预测；错误叫什么名字，运行才知道，不必猜。
# 每一项写一个元组：先左边的结果，后右边的结果；张量和数组写成列表，几样结果写成元组（列表、元组和形状算一样），没有结果写 `None`，报错就写错误的名字，例如 `"TypeError"`；小数至少写两位。
# dtype 写成字符串，例如 `"int64"`；`"torch.int64"` 也可以；数就写数。例如 `("np.zeros(2).dtype", "torch.zeros(2).dtype")` 这一项，写 `("float64", "float32")`。
# `.numpy()` 把张量变成数组，`torch.from_numpy` 把数组变成张量，变换前后用的是同一块内存。
# %% [markdown] lang="en"
# ### Exercise · types of elements · 8 min
# This exercise and the next three have twenty-one differences, each as two expressions, mostly NumPy's on the left and PyTorch's on the right.
# Predict first, then test: the test really runs them, and says which one is wrong, not what is right; run that one, and see which of the four causes it has. That there is an error you can predict; its name you learn by running.
# Write a tuple for each, first the left result, then the right one; a tensor or an array as a list, several results as a tuple (a list, a tuple and a shape count as the same), no result as `None`, an error by its name, such as `"TypeError"`; give at least two decimals.
# Write a dtype as a string, such as `"int64"`; `"torch.int64"` will do as well; a number is a number. For `("np.zeros(2).dtype", "torch.zeros(2).dtype")`, for example, you write `("float64", "float32")`.
# `.numpy()` turns a tensor into an array, `torch.from_numpy` an array into a tensor, in the same block of memory.
# %% exercise="predict_dtypes" difficulty=2 importance=4 minutes=8
DTYPES = {  # `ones(2)` is 1, 1
    "floats": ("np.array([1.5]).dtype", "torch.tensor([1.5]).dtype"),
    "quotient": ("(np.array([1]) / 2).dtype", "(torch.tensor([1]) / 2).dtype"),
    "mixed": ("(np.arange(2) + np.ones(2, np.float32)).dtype", "(torch.arange(2) + torch.ones(2)).dtype"),
    "crossing": ("torch.ones(2).numpy().dtype", "torch.from_numpy(np.ones(2)).dtype"),
    "mean": ("np.array([1, 2]).mean()", "torch.tensor([1, 2]).mean()"),
}


def predict_dtypes() -> dict[str, Any]:
    """For each of DTYPES what the two expressions give: a dtype, a number or an error, the left one's first."""
    # solution
    return {
        "floats": ("float64", "float32"),
        "quotient": ("float64", "float32"),
        "mixed": ("float64", "float32"),
        "crossing": ("float32", "float64"),
        "mean": (1.5, "RuntimeError"),
    }


if __name__ == "__main__":
    tests.test_predict_dtypes(predict_dtypes)

# %% [markdown] lang="zh" tags=["hint"]
# 内存不变，里面的类型会变吗？PyTorch 自己选浮点数类型时，选的是哪一种？
# %% [markdown] lang="en" tags=["hint"]
# Where the memory stays the same, can the type in it change? And which type does PyTorch choose for floats by itself?
# %% [markdown] lang="zh" tags=["hint"]
# float32 装不下 int64 的全部位数，NumPy 会怎么办？整数的平均往往不是整数：PyTorch 不肯替你选类型。
# %% [markdown] lang="en" tags=["hint"]
# float32 can't hold all digits of an int64: what will NumPy do? The mean of whole numbers is mostly not whole, and PyTorch refuses to choose a type for you.
# %% [markdown] lang="zh"
# ### 练习 · 同名不同数 · 8 分钟
# 这里 `a = np.array([1.0, 3.0])`，`x = torch.tensor(a)`；例如 `("np.sum(a)", "torch.sum(x)")` 这一项，写 `(4.0, 4.0)`。
# 中位数（median）是排好以后正中间的数；个数为偶数时中间有两个，两边的约定又不同。
# `repeat` 是重复，`split` 是切开，`size` 是大小：重复什么，切成几段还是每段几个，哪一种大小，两边各有约定。小数写到两位就够。
# %% [markdown] lang="en"
# ### Exercise · one name, two numbers · 8 min
# Here `a = np.array([1.0, 3.0])` and `x = torch.tensor(a)`; for `("np.sum(a)", "torch.sum(x)")` you write `(4.0, 4.0)`.
# A **median** is the number in the middle once they are sorted; of an even number two are in the middle, and again the conventions differ.
# `repeat` repeats, `split` cuts, `size` tells a size: repeats what, into how many or how many in each, which size? Each side has its convention. Two decimals are enough.
# %% exercise="predict_numbers" difficulty=3 importance=5 minutes=8
NUMBERS = {
    "std": ("np.std(a)", "torch.std(x)"),
    "median": ("np.median(a)", "torch.median(x)"),
    "repeat": ("np.repeat(a, 2)", "x.repeat(2)"),
    "split": ("[len(p) for p in np.split(np.arange(6), 2)]", "[len(p) for p in torch.arange(6).split(2)]"),
    "size": ("np.ones((2, 3)).size", "torch.ones(2, 3).size()"),
}


def predict_numbers() -> dict[str, Any]:
    """For each of NUMBERS what the two expressions give, numbers to two decimals at least."""
    # solution
    return {
        "std": (1.0, 1.414),
        "median": (2.0, 1.0),
        "repeat": ([1.0, 1.0, 3.0, 3.0], [1.0, 3.0, 1.0, 3.0]),
        "split": ([3, 3], [2, 2, 2]),
        "size": (6, (2, 3)),
    }


if __name__ == "__main__":
    tests.test_predict_numbers(predict_numbers)

# %% [markdown] lang="zh" tags=["hint"]
# `std` 属于四个原因里的哪一个？中间有两个数时，你会取平均，还是取其中一个？
# %% [markdown] lang="en" tags=["hint"]
# Which of the four causes has `std`? With two numbers in the middle, would you average them, or take one?
# %% [markdown] lang="zh" tags=["hint"]
# `np.repeat` 重复每个元素，`np.tile` 才重复整体；`split` 的 `2`，是几段，还是每段几个？
# %% [markdown] lang="en" tags=["hint"]
# `np.repeat` repeats each element, `np.tile` the whole; and is the `2` of `split` how many pieces, or how many in each?
# %% [markdown] lang="zh"
# ### 练习 · 调用与结果 · 10 分钟
# 这里 `n = np.array([[1, 2], [3, 4]])`，`t = torch.tensor(n)`；NumPy 把 `dim` 叫作 `axis`；例如 `("n.min()", "t.min(dim=1)")` 这一项，写 `(1, ([1, 3], [0, 0]))`：值和下标。
# `cumsum` 是累加和（沿一个轴累加时，轴不消失），`dot` 是两行的内积（给它表会怎样，运行看看），`nonzero` 找出成立的位置：NumPy 的每个轴给一个数组，PyTorch 的每个位置给一行。
# %% [markdown] lang="en"
# ### Exercise · calls and results · 10 min
# Here `n = np.array([[1, 2], [3, 4]])` and `t = torch.tensor(n)`; NumPy says `axis` for PyTorch's `dim`; for `("n.min()", "t.min(dim=1)")`, for example, you write `(1, ([1, 3], [0, 0]))`: values and indices.
# `cumsum` is a cumulative sum (along an axis, which doesn't vanish), `dot` an inner product of two rows (with tables: run it and see), and `nonzero` finds the places where something holds: NumPy's gives one array per axis, PyTorch's one row per place.
# %% exercise="predict_calls" difficulty=3 importance=5 minutes=10
CALLS = {
    "axis or dim": ("n.sum(dim=0)", "t.sum(axis=0)"),
    "max": ("n.max(axis=1)", "t.max(dim=1)"),
    "cumsum": ("np.cumsum(n)", "torch.cumsum(t)"),
    "dot": ("np.dot(n, n)", "torch.dot(t, t)"),
    "nonzero": ("np.nonzero(n > 1)", "torch.nonzero(t > 1)"),
    "sort": ("np.array([3, 1, 2]).sort()", "torch.tensor([3, 1, 2]).sort()"),
}


def predict_calls() -> dict[str, Any]:
    """For each of CALLS what the two expressions give; several results are a tuple."""
    # solution
    return {
        "axis or dim": ("TypeError", [4, 6]),
        "max": ([2, 4], ([2, 4], [1, 1])),
        "cumsum": ([1, 3, 6, 10], "TypeError"),
        "dot": ([[7, 10], [15, 22]], "RuntimeError"),
        "nonzero": (([0, 1, 1], [1, 0, 1]), [[0, 1], [1, 0], [1, 1]]),
        "sort": (None, ([1, 2, 3], [1, 2, 0])),
    }


if __name__ == "__main__":
    tests.test_predict_calls(predict_calls)

# %% [markdown] lang="zh" tags=["hint"]
# 谁听得懂对方的参数名？PyTorch 的 `max` 给了 `dim`，返回几样东西？`sort` 呢？
# %% [markdown] lang="en" tags=["hint"]
# Who understands the other one's argument? How many things does PyTorch's `max` return with `dim`, and `sort`?
# %% [markdown] lang="zh" tags=["hint"]
# 没说沿哪个轴时，PyTorch 有的函数也先展平，有的非要 `dim` 不可；数组的 `sort()` 就地排序。
# %% [markdown] lang="en" tags=["hint"]
# Without an axis some functions of PyTorch flatten too, and some insist on `dim`; the `sort()` of an array sorts it in place.
# %% [markdown] lang="zh"
# ### 练习 · 谁跟着变 · 10 分钟
# 这里 `a = np.arange(4.0)`，`x = torch.arange(4.0)`。
# 先得到结果，再执行 `a += 1` 和 `x += 1`：结果跟着变，就写 `True`，否则写 `False`，报错就写错误的名字。
# 例如 `("a[1:]", "x[1:]")` 两边都是视图，写 `(True, True)`；第 1 节的检查（内存相同吗）在这里也管用。
# `flip` 把一个轴倒过来（`[0]` 是轴 0），`astype` 和 `to` 把元素变成所给的类型。
# %% [markdown] lang="en"
# ### Exercise · what changes too · 10 min
# Here `a = np.arange(4.0)` and `x = torch.arange(4.0)`.
# After the result is made come `a += 1` and `x += 1`: write `True` if the result changes too, else `False`, an error by its name.
# For `("a[1:]", "x[1:]")`, for example, two views, you write `(True, True)`; the check of section 1 (is the memory the same?) works here, too.
# `flip` reverses an axis (`[0]`: axis 0); `astype` and `to` turn the elements into the type that is given.
# %% exercise="predict_memory" difficulty=3 importance=5 minutes=10
MEMORY = {
    "flip": ("np.flip(a)", "torch.flip(x, [0])"),
    "backwards": ("a[::-1]", "x[::-1]"),
    "same dtype": ("a.astype(a.dtype)", "x.to(x.dtype)"),
    "one element": ("a[0]", "x[0]"),
    "from NumPy": ("torch.tensor(a)", "torch.from_numpy(a)"),
}


def predict_memory() -> dict[str, Any]:
    """For each of MEMORY whether the result follows a change of `a` or `x`; an error is its name."""
    # solution
    return {
        "flip": (True, False),
        "backwards": (True, "ValueError"),
        "same dtype": (False, True),
        "one element": (False, True),
        "from NumPy": (False, True),
    }


if __name__ == "__main__":
    tests.test_predict_memory(predict_memory)


# %% [markdown] lang="zh" tags=["hint"]
# 四个原因里的第四个：没有负的步长，PyTorch 怎样倒着读？直接写 `[::-1]` 呢？
# %% [markdown] lang="en" tags=["hint"]
# The fourth of the four causes: without negative strides, how does PyTorch read backwards? And if you just write `[::-1]`?
# %% [markdown] lang="zh" tags=["hint"]
# 用 `type(a[0])` 和 `type(x[0])` 看看各是什么：一个数，还是一个没有轴的张量？再查一查 `astype` 和 `to` 何时拷贝。
# %% [markdown] lang="en" tags=["hint"]
# Look at `type(a[0])` and `type(x[0])`: a number, or a tensor without axes? And look up when `astype` and `to` copy.
# %% [markdown] lang="zh" tags=["question"] see="predict_memory"
# 何时用 `torch.tensor(a)`，何时用 `torch.from_numpy(a)`？
# %% [markdown] lang="en" tags=["question"] see="predict_memory"
# When do you want `torch.tensor(a)`, and when `torch.from_numpy(a)`?
# %% [markdown] lang="zh" tags=["answer"]
# `torch.tensor(a)` 总是拷贝：之后改动 `a` 也不会影响它，适合要独立保存的数据。
# `torch.from_numpy(a)` 与 `a` 共用内存：不花时间也不占内存，适合大数组；但改动一边，另一边也变。
# 两者都不收步长为负的数组：先写 `a[::-1].copy()`。
# 两者都保留 dtype，所以 NumPy 的 float64 会一路带进模型：多半要再写 `.float()`。
# %% [markdown] lang="en" tags=["answer"]
# `torch.tensor(a)` always copies: later changes of `a` do it no harm, so it suits data that must stand by itself.
# `torch.from_numpy(a)` shares memory with `a`: free in time and space, for large arrays; but a change on one side shows on the other.
# Neither takes an array with a negative stride: write `a[::-1].copy()` first.
# Both keep the dtype, so NumPy's float64 is carried into your model: mostly you want `.float()` after it.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 搬到 PyTorch：汇总 · 15 分钟
# 选做。用 PyTorch 重写 `numpy_summary`，不借助 NumPy，结果要一样：无论列数 `d` 是奇是偶，也无论数值有多大。
# 例如一行 $1, 2, 3, 10$，得到最大值 10、标准差 $\sqrt{12.5} = 3.54$、中位数 2.5。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · moved to PyTorch: a summary · 15 min
# Optional. Write `numpy_summary` in PyTorch, without NumPy, with the same result, for `d` columns, odd or even, and for values of any size.
# For the row $1, 2, 3, 10$, for example: maximum 10, standard deviation $\sqrt{12.5} = 3.54$, median 2.5.
# %% exercise="port_summary" difficulty=3 importance=4 minutes=15
def numpy_summary(a: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n 3"]:  # ndarray: a NumPy array
    """Maximum, standard deviation and median of each row, stacked as three columns."""
    return np.stack([a.max(axis=1), a.std(axis=1), np.median(a, axis=1)], axis=1)


def port_summary(x: Float[Tensor, "n d"]) -> Float[Tensor, "n 3"]:
    """What `numpy_summary` returns."""
    # solution
    return torch.stack([x.amax(dim=1), x.std(dim=1, correction=0), x.quantile(0.5, dim=1)], dim=1)


if __name__ == "__main__":
    tests.test_port_summary(port_summary)


# %% [markdown] lang="zh" tags=["hint"]
# 三个量，刚才的预测里各有一个陷阱：是哪三个？
# %% [markdown] lang="en" tags=["hint"]
# Three quantities, and the predictions above had a trap for each: which are they?
# %% [markdown] lang="zh" tags=["hint"]
# 看看 `amax`、`std` 的 `correction`，还有 `quantile`：中位数就是 0.5 分位数。
# %% [markdown] lang="en" tags=["hint"]
# Look up `amax`, the `correction` of `std`, and `quantile`: a median is the quantile at 0.5.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 搬到 PyTorch：镜像 · 10 分钟
# 选做。用 PyTorch 重写 `numpy_mirror`，不借助 NumPy：一叠图片左右翻转，每一行连着出现两次；用索引（第 3 节）或现成的函数都行。当心名字：`np.repeat` 让每一行连着出现两次；张量的 `repeat` 却把整体再来一遍，相当于 NumPy 的 `tile`。
# 例如 $(1, 2)$、$(3, 4)$ 两行的一张图，变成 $(2, 1)$、$(2, 1)$、$(4, 3)$、$(4, 3)$ 四行。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · moved to PyTorch: a mirror · 10 min
# Optional. Write `numpy_mirror` in PyTorch, without NumPy: each picture mirrored left to right, each row twice in succession; by indexing (section 3) or ready-made functions. Beware of the name: `np.repeat` gives each row twice in succession, but a tensor's `repeat` gives the whole once more, as NumPy's `tile` does.
# One picture with the rows $(1, 2)$, $(3, 4)$, for example, becomes the four rows $(2, 1)$, $(2, 1)$, $(4, 3)$, $(4, 3)$.
# %% exercise="port_mirror" difficulty=2 importance=4 minutes=10
def numpy_mirror(a: Float[np.ndarray, "b h w"]) -> Float[np.ndarray, "b rows w"]:
    """Each picture turned left to right, with every row doubled."""
    return np.repeat(a[:, :, ::-1], 2, axis=1)


def port_mirror(images: Float[Tensor, "b h w"]) -> Float[Tensor, "b rows w"]:
    """What `numpy_mirror` returns."""
    # solution
    return images.flip(-1).repeat_interleave(2, dim=1)


if __name__ == "__main__":
    tests.test_port_mirror(port_mirror)


# %% [markdown] lang="zh" tags=["hint"]
# 步长不能是负数，所以 `[::-1]` 不行：哪个函数把一个轴倒过来，再拷贝一份？
# %% [markdown] lang="en" tags=["hint"]
# Strides can't be negative, so `[::-1]` won't do: which function reverses an axis and makes a copy?
# %% [markdown] lang="zh" tags=["hint"]
# 张量的 `repeat` 重复整体；要每一行连着出现两次，看看 `repeat_interleave`。
# %% [markdown] lang="en" tags=["hint"]
# A tensor's `repeat` repeats the whole; to have each row twice in succession look up `repeat_interleave`.
# %% [markdown] lang="zh"
# ## 5 · 梯度：是什么，存在哪里
# 模型是一个带旋钮的函数，这些旋钮就是它的参数（parameter）；损失（loss）是一个数，说明现在错得多厉害，越小越好。
# 要让损失变小，对每个旋钮只问一句：把它拧大一丁点，损失变多少？
# 损失的变化除以拧过的量，就是损失对这个旋钮的斜率；所有旋钮的斜率排在一起，就叫梯度（gradient）。
# 先看一个可以心算的模型：它有两个旋钮 $a$ 和 $b$，目标是让 $3a$ 等于 $b$，损失是 $(3a - b)^2$。
# 现在 $a = 2$，$b = 1$：括号里是 $3 \cdot 2 - 1 = 5$，损失是 25。
# %% [markdown] lang="en"
# ## 5 · The gradient: what it is, and where it is kept
# A model is a function with knobs, its **parameters**; the **loss** is one number that says how wrong it is now: the lower, the better.
# To make the loss smaller, ask one thing of each knob: if I turn it up a little, how much does the loss change?
# The change of the loss divided by the turn is the slope of the loss along this knob; the slopes of all knobs, side by side, are the **gradient**.
# Begin with a model that you can do in your head: it has two knobs, $a$ and $b$, is to make $3a$ equal to $b$, and its loss is $(3a - b)^2$.
# Now $a = 2$ and $b = 1$: the bracket is $3 \cdot 2 - 1 = 5$, and the loss is 25.
# %% [markdown] lang="zh" tags=["question"] see="predict_gradients"
# 先预测，再运行下一格。把 $a$ 拧大 0.001，损失变成 $5.003^2 = 25.030009$：每拧一个单位，损失涨多少？
# 换成把 $b$ 拧大 0.001，损失是涨还是跌，快慢大约是多少？
# %% [markdown] lang="en" tags=["question"] see="predict_gradients"
# Predict first, then run the next cell. Turn $a$ up by 0.001, and the loss is $5.003^2 = 25.030009$: by how much does it grow per unit of turning?
# Turn $b$ up by 0.001 instead: does the loss rise or fall, and about how fast?
# %% [markdown] lang="zh" tags=["answer"]
# $0.030009 / 0.001 \approx 30$：损失上涨的速度是你拧动速度的三十倍。
# 拧 $b$ 时括号变小，$4.999^2 \approx 24.99$，所以是跌，斜率约为 $-10$。
# 答成 $+10$ 的人多半只看到“变了 0.01”，没有看方向；符号正是梯度里最要紧的东西。
# %% [markdown] lang="en" tags=["answer"]
# $0.030009 / 0.001 \approx 30$: the loss rises thirty times as fast as you turn.
# Turning $b$ makes the bracket smaller, $4.999^2 \approx 24.99$, so it falls, with slope about $-10$.
# If you said $+10$, you saw that 0.01 changed, but not which way; the sign is the most important thing about a gradient.
# %%
def two_knobs(a: float, b: float) -> float:
    """How far 3a is from b, squared."""
    return (3 * a - b) ** 2


if __name__ == "__main__":
    turn = 0.001
    print(f"turn a: {(two_knobs(2 + turn, 1) - two_knobs(2, 1)) / turn:.3f}")
    print(f"turn b: {(two_knobs(2, 1 + turn) - two_knobs(2, 1)) / turn:.3f}")
    figures.valley(two_knobs, start=(2, 1), gradient=(30, -10)).show()

# %% [markdown] lang="zh" numbers="30 -10"
# 两个数都差一点点：`turn` 越小，它们离 30 和 $-10$ 越近。
# 精确值来自链式法则，也就是一环一环的斜率相乘：平方 $u^2$ 的斜率是 $2u$，这里 $2 \cdot 5 = 10$，括号对 $a$ 的斜率是 3，对 $b$ 是 $-1$；相乘得 $(30, -10)$。
# 关于这两个数，记住三件事。一个旋钮一个数：梯度的形状与*旋钮*相同，与损失无关。
# 它只在这一处有效：换个地方，括号不再是 5，斜率也就变了。
# 它指向上坡：要下坡，就反着走，$a \leftarrow a - \eta \cdot 30$，$b \leftarrow b - \eta \cdot (-10)$；$\eta$（读作 eta）是学习率（learning rate），决定一步走多远。
# %% [markdown] lang="en" numbers="30 -10"
# Both numbers are a little off: the smaller `turn`, the closer they come to 30 and $-10$.
# The exact ones come from the chain rule, which multiplies slopes link by link: the square $u^2$ has slope $2u$, here $2 \cdot 5 = 10$, the bracket has slope 3 along $a$ and $-1$ along $b$; multiplied, $(30, -10)$.
# Keep three things in mind about these two numbers. One number for each knob: a gradient has the shape of the *knobs*, whatever the loss looks like.
# It holds at this place only: elsewhere the bracket isn't 5, and the slopes are others.
# It points uphill: to go down, walk against it, $a \leftarrow a - \eta \cdot 30$, $b \leftarrow b - \eta \cdot (-10)$; $\eta$ (say “eta”) is the **learning rate**, which says how long the step is.
# %% [markdown] lang="zh" tags=["question"] see="sgd_step"
# 从 $(2, 1)$ 出发走一步：$\eta = 0.01$ 时走到 $(1.7, 1.1)$，损失从 25 降到 16。
# $\eta = 0.05$ 和 $\eta = 0.1$ 呢？心算两个损失，再说说为什么步子大一倍并不好一倍。
# %% [markdown] lang="en" tags=["question"] see="sgd_step"
# Take one step from $(2, 1)$: with $\eta = 0.01$ you arrive at $(1.7, 1.1)$, and the loss goes from 25 to 16.
# And with $\eta = 0.05$, with $\eta = 0.1$? Work out both losses in your head, then say why twice the step is not twice as good.
# %% [markdown] lang="zh" tags=["answer"]
# $\eta = 0.05$：走到 $(0.5, 1.5)$，$3 \cdot 0.5 = 1.5$，损失恰好是 0。
# $\eta = 0.1$：走到 $(-1, 2)$，括号是 $-5$，损失又是 25：跨过谷底，到了对面同样高的地方。
# 梯度只知道脚下的坡度，不知道谷底有多远；$\eta = 0.2$ 时损失是 225，这就是发散的开头。
# %% [markdown] lang="en" tags=["answer"]
# $\eta = 0.05$: to $(0.5, 1.5)$, where $3 \cdot 0.5 = 1.5$ and the loss is exactly 0.
# $\eta = 0.1$: to $(-1, 2)$, where the bracket is $-5$ and the loss is 25 again: across the valley, and as high up the other side.
# A gradient knows the slope under your feet, not how far the bottom is; with $\eta = 0.2$ the loss is 225, and that is how diverging begins.
# %% [markdown] lang="zh"
# 旋钮有一百万个，不可能一个一个去拧；PyTorch 用链式法则一次算出全部斜率，你只需说明哪些张量是旋钮：`requires_grad=True`。
# 前向（forward pass）就是往前计算；这时它记下每个结果是怎么来的（`grad_fn`）：这份记录就是计算图（computational graph）。
# `loss.backward()` 从损失出发，沿着记录往回走，把算出的斜率放进旋钮的 `.grad`。
# 损失必须是*一个*数，否则 `backward()` 报错：“拧大一丁点，损失变多少”若有几个答案，一个升、一个降，就说不清哪边是下坡；所以先求和或求平均，也就定下了每个数占多大的比重。
# 下面还是同一个模型，写成张量：`w` 装着两个旋钮，`x` 是数据 $(3, -1)$，于是 `(w * x).sum()` 就是 $3a - b$。
# 运行之前猜一猜：四个张量里，哪几个有 `.grad`？
# %% [markdown] lang="en"
# A million knobs can't be turned one by one; PyTorch finds all slopes at once by the chain rule, and you only say which tensors are knobs: `requires_grad=True`.
# On the way forward (the **forward pass**) it notes how each result came about (`grad_fn`): these notes are the **computational graph**.
# `loss.backward()` starts at the loss, follows the notes back, and puts the slopes it finds into the knobs' `.grad`.
# The loss must be *one* number, or `backward()` stops with an error: if several numbers answered a turn of a knob, one rising and one falling, no direction would be downhill; so take their sum or mean first, which settles how much each counts.
# Here is the same model in tensors: `w` holds the two knobs, `x` is the data $(3, -1)$, and so `(w * x).sum()` is $3a - b$.
# Guess first: which of the four tensors have a `.grad`?
# %%
w = torch.tensor([2.0, 1.0], requires_grad=True)  # the knobs
x = torch.tensor([3.0, -1.0])  # the data: nobody turns it
if __name__ == "__main__":
    y = w * x  # a result on the way
    loss = y.sum() ** 2
    loss.backward()
    for name, t in {"w": w, "x": x, "y": y, "loss": loss}.items():
        kept = t.grad if t.is_leaf else "not kept"  # is_leaf: made by you, not computed
        print(f"{name:5} made by you: {t.is_leaf}, requires_grad: {t.requires_grad}, grad: {kept}")
    figures.graph(w.tolist(), x.tolist()).show()

# %% [markdown] lang="zh" numbers="30 -10"
# 只有 `w` 有，里面正是 $(30, -10)$。
# 你亲手造的张量叫叶子（leaf）：`w` 和 `x` 都是；`w` 要求梯度，所以有，`x` 没有要求，所以是 `None`。
# `y` 和 `loss` 是算出来的：往回走时要用到它们的斜率（图里的红字），用完就扔，因为没有人要拧它们。
# `backward` *没有*走这一步：`w` 还是 $(2, 1)$。它只写 `.grad`；真正拧旋钮的是另一行代码，也就是第 6 节的优化器（optimizer）。
# %% [markdown] lang="en" numbers="30 -10"
# Only `w` has one, and it is $(30, -10)$.
# A tensor that you made is called a **leaf**: `w` and `x` are; `w` asked for a gradient and has it, `x` didn't, and has `None`.
# `y` and `loss` were computed: their slopes (red in the picture) are needed on the way back and dropped after use, since nobody turns them.
# `backward` took *no* step: `w` is still $(2, 1)$. It writes `.grad` and nothing else; turning the knobs is another line of code, the **optimiser**'s, in section 6.
# %% [markdown] lang="zh" tags=["question"] see="predict_gradients"
# 什么都不清空，把前向和 `backward()` 原样再做一遍，`w.grad` 会是 $(30, -10)$、$(60, -20)$，还是别的？PyTorch 为什么要这样设计？
# %% [markdown] lang="en" tags=["question"] see="predict_gradients"
# Clear nothing, and do the forward pass and `backward()` once more, just as before: is `w.grad` now $(30, -10)$, $(60, -20)$, or something else? And why would PyTorch have it so?
# %% [markdown] lang="zh" tags=["answer"]
# 是 $(60, -20)$：新的斜率*加*到旧的上面，不是替换。
# 和的斜率等于斜率之和：一批数据的损失若是各个样本损失之和，内存放不下整批时，就可以分几次 `backward()`，结果一样。
# 代价是：开始新的一步之前要自己清空，否则每一步都带着以前所有步的梯度。
# %% [markdown] lang="en" tags=["answer"]
# It is $(60, -20)$: new slopes are *added* to the old and don't replace them.
# The slope of a sum is the sum of the slopes: if the loss of a batch is a sum over its examples, a batch too large for memory can go through in several calls of `backward()`, with the same result.
# The price: before a new step you must clear it yourself, or every step carries the gradients of all steps before.
# %%
if __name__ == "__main__":
    (w * x).sum().square().backward()  # the same again, with nothing cleared
    print("after two calls:", w.grad)
    w.grad = None  # what `zero_grad()` of an optimiser (section 6) does for every knob
    (w * x).sum().square().backward()
    print("cleared first:  ", w.grad, " and w is still", w.tolist())

# %% [markdown] lang="zh"
# 再做一遍 `backward()`，新的斜率是*加*到旧的上面的；开始新的一步之前不清空，这一步就带着以前所有步的梯度。
# 相加也有用处：一批样本太大，内存放不下时，把它分成几份，每份做一次 `backward()`，最后才走一步。和的斜率等于斜率之和，所以损失是各样本之和时，分几份做与整批做，结果一样。
# 下面的练习换了一个模型，要用到四点。先不看上文，自己说一遍；哪一点说不出，就回去读讲它的那一格：梯度是什么；它的形状是什么；`backward()` 之后哪些张量有它、哪些没有；为什么每一步之前要清空。
# 《动手学深度学习》（阿斯顿·张等，有中文版和英文版）的“自动微分”（由机器求斜率）一节从 $y = 2 x^\top x$（平方和的两倍）讲起，并讲到带循环和条件的函数怎样求导；读完请回答：有 `if` 时，计算图里记下的是两个分支，还是一个？
# %% [markdown] lang="en"
# Done once more, `backward()` *adds* the new slopes to the old; if you don't clear before a new step, that step uses the gradients of all steps before, too.
# Adding is also useful: a batch too large for memory is cut in parts, with one `backward()` for each, and only then comes the step. The slope of a sum is the sum of the slopes, so where the loss is a sum over the examples, the parts give the same result as the whole.
# The next exercise needs four things, on another model; say them without looking up, and go back where you can't: what a gradient is; which shape it has; who has it after `backward()`, and who hasn't; why it is cleared before every step.
# “Dive into Deep Learning” (Aston Zhang and others, in English and Chinese) begins its section on automatic differentiation (slopes found by machine) with $y = 2 x^\top x$, twice the sum of squares, and goes on to functions with loops and conditions; then say: with an `if`, are both branches noted in the graph, or one?
# %% [markdown] lang="zh"
# ### 练习 · 预测梯度 · 5 分钟
# 读 `STORY`，写出每一处的 `.grad`：一个列表，或者 `None`。
# 例如上面那个模型，两次 `backward()` 之后，`w` 那一项就写 `[60.0, -20.0]`。
# 这里没有平方：损失就是 `y.sum()`，它对 `y` 的每一项的斜率都是 1；最后一行造一个优化器（第 6 节），只为清空。写完再运行 `STORY` 核对。
# %% [markdown] lang="en"
# ### Exercise · predict the gradients · 5 min
# Read `STORY` and write what each `.grad` is there: a list, or `None`.
# For the model above, after two calls of `backward()`, you would write `[60.0, -20.0]` for `w`.
# There is no square here: the loss is `y.sum()`, whose slope along each entry of `y` is 1; the last line makes an optimiser (section 6) only to clear. When you have written it, run `STORY` and compare.
# %% exercise="predict_gradients" difficulty=2 importance=5 minutes=5
STORY = """
w = torch.tensor([1.0, 2.0], requires_grad=True)
x = torch.tensor([3.0, 4.0])
y = w * x
y.sum().backward()      # look at: "w", "x", "y"
(w * x).sum().backward()  # look at: "w, again"
torch.optim.SGD([w], lr=0.1).zero_grad()  # look at: "w, cleared"
"""


def predict_gradients() -> dict[str, Any]:
    """For each name that STORY says to "look at" the `.grad` there: a list of numbers, or None."""
    # solution
    return {"w": [3.0, 4.0], "x": None, "y": None, "w, again": [6.0, 8.0], "w, cleared": None}


if __name__ == "__main__":
    tests.test_predict_gradients(predict_gradients)

# %% [markdown] lang="zh" tags=["hint"]
# 每一处问三句：它是叶子吗？它要求梯度吗？以前的梯度清掉了吗？
# %% [markdown] lang="en" tags=["hint"]
# Ask three things each time: is it a leaf, does it require gradients, and have earlier ones been cleared?
# %% [markdown] lang="zh" tags=["hint"]
# 拧 `w[0]` 时，`y.sum()` 变多快？是 `w[0]` 那么快，还是 `x[0]` 那么快？
# 清空有两种做法：把 `.grad` 填成 0，或者拿掉它；查一查 `zero_grad` 的参数 `set_to_none` 默认是哪一种。
# %% [markdown] lang="en" tags=["hint"]
# Turn `w[0]`: does `y.sum()` change as fast as `w[0]` says, or as `x[0]` says?
# There are two ways to clear: fill `.grad` with 0, or take it away; look up which is the default of `set_to_none` in `zero_grad`.
# %% [markdown] lang="zh" numbers="16"
# ## 6 · 训练的一步：损失、优化器、模块
# 训练就是反复做四件事，一行一件：算损失，清空旧梯度，`backward()` 算出新梯度，优化器按梯度拧旋钮。
# 最简单的优化器叫 SGD，即随机梯度下降（stochastic gradient descent）：每个参数减去学习率乘自己的梯度；“随机”是因为真正训练时，每一步只用随机的一批数据。
# 先用两个旋钮的模型看三步，$\eta = 0.01$：一步之后的 16，你在第 5 节已经见过。
# %% [markdown] lang="en" numbers="16"
# ## 6 · A step of training: loss, optimiser, module
# Training repeats four things, one to a line: compute the loss, clear the old gradients, get new ones by `backward()`, and have the **optimiser** turn the knobs by them.
# The simplest optimiser is SGD, **stochastic gradient descent**: it takes from each parameter its gradient times the learning rate; “stochastic” means random, since in real training each step uses a random batch of the data.
# First watch three steps of the model with two knobs, with $\eta = 0.01$; you have met the 16 after the first step in section 5.
# %% [markdown] lang="zh" tags=["question"] see="sgd_step"
# 循环里的后三行，若漏掉 `zero_grad()`，第二步会怎样？若漏掉 `backward()`，又会怎样？分别在行首加上 `#`，运行看看。
# %% [markdown] lang="en" tags=["question"] see="sgd_step"
# Of the last three lines in the loop, leave out `zero_grad()`: what happens to the second step? Leave out `backward()` instead: what then? Put a `#` before each in turn, and run.
# %% [markdown] lang="zh" tags=["answer"]
# 漏掉 `zero_grad()`：第二步带着第一步的梯度，走得太远，第三行的损失不是 10.24，而是 4.84；在这里碰巧更低，再往后就会冲过谷底。
# 漏掉 `backward()`：没有梯度，`step()` 什么也不做，损失一直是 25.00，也不报错：优化器自己不算梯度。
# %% [markdown] lang="en" tags=["answer"]
# Without `zero_grad()` the second step carries the gradient of the first and goes too far: the third line says 4.84 and not 10.24, lower by chance here, and soon past the bottom.
# Without `backward()` there are no gradients, and `step()` does nothing: the loss stays 25.00, and no error tells you. An optimiser computes no gradients.
# %%
if __name__ == "__main__":
    w = torch.tensor([2.0, 1.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.01)  # holds the knobs, and sees neither data nor loss
    for _ in range(3):
        loss = (w * x).sum().square()
        print(f"loss {loss.item():.2f} at {[round(v, 3) for v in w.tolist()]}")
        optimizer.zero_grad()  # clear
        loss.backward()  # write .grad
        optimizer.step()  # turn the knobs

# %% [markdown] lang="zh"
# 自己写这一步，有两个坑。
# 一，就地（in place）修改：`p -= …` 改的是原来那块内存，优化器和模型看到的是同一个 `p`；`p = p - …` 造出一个新张量，只让名字 `p` 指向它；模型和优化器手里的还是旧的那个，一点没变。
# 二，这一步不该进计算图：它不是模型的一部分；进了图，新的 `p` 就是算出来的，不再是叶子，也就得不到 `.grad`。PyTorch 不许就地修改要求梯度的叶子，除非写在 `with torch.no_grad():` 里，意思是“这里面的计算不记录”。
# 同类的 `t.detach()` 给出同样的数（共用内存），但与计算图断开：画图要用它，因为 NumPy 不记录，要求梯度的张量直接 `.numpy()` 会报错，要写 `w.detach().numpy()`。
# 断开还为了省内存：留着一个结果，就留着它的整张计算图；`total = total + loss` 这样累加几千批，就留下几千份计算图，内存越占越多。写成 `total = total + loss.item()`，或者用 `loss.detach()`，数值相同，却不留下计算图。
# %% [markdown] lang="en"
# If you write this step yourself, there are two traps.
# One, **in place**: `p -= …` changes the old block of memory, and optimiser and model see one and the same `p`; `p = p - …` makes a new tensor and moves only the name `p` to it; the model and the optimiser still hold the old one, unchanged.
# Two, the step must not enter the graph: it is no part of the model, and a new `p` in the graph is no leaf, so its `.grad` stays empty. PyTorch forbids changing in place a leaf that requires gradients, except within `with torch.no_grad():`, which says “take no notes in here”.
# Related to it, `t.detach()` gives the same numbers (in the same memory), cut off from the graph: needed to plot, as NumPy takes no notes, and `.numpy()` of a tensor that requires gradients is an error: `w.detach().numpy()`.
# It also saves memory: a result that you keep keeps its whole graph, and `total = total + loss` over thousands of batches keeps thousands of graphs, and takes more and more memory; `total = total + loss.item()`, or `loss.detach()`, keeps none, with the same numbers.
# %%
if __name__ == "__main__":
    w = torch.tensor([2.0, 1.0], requires_grad=True)
    try:
        w -= 0.01
    except RuntimeError as error:
        print("RuntimeError:", error)
    print("leaves: w", w.is_leaf, ", w - 0.01", (w - 0.01).is_leaf, "; detached, it wants", w.detach().requires_grad)


# %% [markdown] lang="zh" numbers="1.7 1.1"
# ### 练习 · 走一步 · 10 分钟
# 写出 SGD 的 `step()`：`w` 是 $(2, 1)$，`w.grad` 是 $(30, -10)$，`lr` 是 0.01 时，之后 `w` 是 $(1.7, 1.1)$。
# 就地更新列表里的每个参数（它的视图也跟着变），不进计算图：之后它仍是要求梯度的叶子；什么也不返回。
# 没有梯度的参数（`.grad` 是 `None`）保持原样，后面的照样更新；梯度不改动，也不清空。
# 列表可以是空的，每个参数只出现一次，列表本身也不改动；函数返回以后，PyTorch 记不记录计算图，要与调用之前一样（原来不记的，仍不记）。
# 不用 `torch.optim`；只要就地修改、不进计算图，怎样写都行。第 4 天的优化器都由这几行扩展而来。
# %% [markdown] lang="en" numbers="1.7 1.1"
# ### Exercise · one step · 10 min
# Write the `step()` of SGD: with `w` at $(2, 1)$, `w.grad` at $(30, -10)$ and `lr` 0.01, `w` is $(1.7, 1.1)$ afterwards.
# Update each parameter of the list in place (its views change, too), outside the graph: it is still a leaf that requires gradients; return nothing.
# A parameter without a gradient (its `.grad` is `None`) stays as it is, and those after it are still updated; no gradient is changed or cleared.
# The list may be empty, holds each parameter once, and is not changed itself; after the call PyTorch records graphs if it did before, and only then.
# Write it without `torch.optim`; any way in place and outside the graph will do. All optimisers of day 4 extend these few lines.
# %% exercise="sgd_step" difficulty=3 importance=5 minutes=10
def sgd_step(params: list[Tensor], lr: float) -> None:
    """Subtracts `lr` times its gradient from each parameter that has one, in place; returns nothing."""
    # solution
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad


if __name__ == "__main__":
    if tests.test_sgd_step(sgd_step):
        w.grad = torch.tensor([30.0, -10.0])
        sgd_step([w], lr=0.01)
        print("from (2, 1) to", [round(v, 3) for v in w.tolist()])

# %% [markdown] lang="zh" tags=["hint"]
# 你的那一行改的是张量的内存，还是只改了名字？
# %% [markdown] lang="en" tags=["hint"]
# Does your line change the tensor's memory, or only what a name means?
# %% [markdown] lang="zh" tags=["hint"]
# 查一查 `torch.no_grad`，用作 `with` 的上下文：出来以后，它自己恢复原状。
# %% [markdown] lang="en" tags=["hint"]
# Look up `torch.no_grad` as a context for `with`: on leaving it, it restores what was.
# %% [markdown] lang="zh" tags=["hint"]
# 形状：一个上下文，里面一个循环，循环里一个条件和一次就地减法。
# %% [markdown] lang="en" tags=["hint"]
# The shape: one context, in it one loop, in the loop one condition and one subtraction in place.
# %% [markdown] lang="zh" numbers="0.67"
# 损失接受预测和正确答案，返回一个数。为什么不直接用准确率？
# 只有一个旋钮的分类器：数 $-1, 0.5, 2$，比阈值（threshold，判断的界线）大就判为“是”，正确答案是“否、是、是”。
# 阈值从 0 拧到 0.1，三个判断一个也没变，准确率没变，斜率是 0；要一直拧到 0.5，它才一下子跌到 0.67。
# 准确率像台阶，几乎处处是平的，梯度是 0，指不出方向；损失要平滑，拧一点就变一点。
# %% [markdown] lang="en" numbers="0.67"
# A loss takes predictions and right answers, and returns one number. Why not take the accuracy?
# A classifier with one knob: the numbers $-1, 0.5, 2$ are called “yes” where they are above a threshold (the knob), and the right answers are “no, yes, yes”.
# Turn the threshold from 0 to 0.1: none of the three verdicts changes, the accuracy stays, its slope is 0; only at 0.5 does it drop, at once, to 0.67.
# The accuracy is a staircase, flat almost everywhere: a gradient of 0 shows no direction; a loss must be smooth: a small turn changes it a little.
# %%
if __name__ == "__main__":
    values, wanted = torch.tensor([-1.0, 0.5, 2.0]), torch.tensor([False, True, True])
    for threshold in (0.0, 0.1, 0.6):
        print(f"threshold {threshold}: accuracy {((values > threshold) == wanted).float().mean():.2f}")
    figures.staircase(values, wanted).show()


# %% [markdown] lang="zh"
# 大模型有几百个参数张量，优化器怎样找齐？不用你列：把张量包进 `nn.Parameter`，再赋给 `nn.Module` 的属性，它就登记了。
# 模块（module），即 `nn.Module`，是装参数的盒子：`parameters()` 把登记过的交给优化器，`state_dict()` 用来保存，像函数一样调用它，就运行 `forward`。
# 登记用的名册由 `super().__init__()` 建立，所以 `__init__` 的第一行就要调用它。
# PyTorch 现成的层也是模块。赋给属性的模块，连同它里面的参数一起登记；放在普通列表里的却没有登记，优化器也就不改它们：要写成 `nn.ModuleList([…])`。
# `nn.Linear(4, 3)` 由 4 个输入算出 3 个输出。每个输出有 4 个权重（weight），与 4 个输入一一相乘，加起来，再加一个数，叫偏置（bias）。所以 `weight` 的形状是 $(3, 4)$，一个输出一行；`bias` 是 $(3,)$；一共 15 个数，都登记了。
# 下一格里，`w` 包了，`memo` 没有包：运行之前，猜一猜 `parameters()` 里有什么。
# %% [markdown] lang="en"
# A large model has hundreds of tensors of parameters; how does the optimiser find them all? You keep no list: wrap a tensor in `nn.Parameter`, assign it to an attribute of an `nn.Module`, and it is registered.
# A **module** (`nn.Module`) is a box of parameters: `parameters()` gives the registered ones to an optimiser, `state_dict()` is for saving, and calling it like a function runs `forward`.
# The register is prepared by `super().__init__()`, so that is the first line of `__init__`.
# PyTorch's own layers are modules, too. A module in an attribute is registered with all its parameters; those in a plain list aren't, and no optimiser changes them: write `nn.ModuleList([…])`.
# `nn.Linear(4, 3)` computes 3 outputs from 4 inputs. Each output has 4 **weights**, one for each input: multiply, sum, and add one more number, the **bias**. So `weight` has shape $(3, 4)$, one row for each output, and `bias` has $(3,)$: 15 numbers, all registered.
# In the next cell `w` is wrapped and `memo` isn't: before you run it, guess what `parameters()` holds.
# %%
class TwoKnobs(nn.Module):
    """The model of section 5 as a module."""

    def __init__(self) -> None:
        super().__init__()  # the register
        self.w = nn.Parameter(torch.tensor([2.0, 1.0]))  # registered, and requires gradients
        self.memo = torch.ones(5)  # a plain tensor: no optimiser sees it, and it isn't saved

    def forward(self, x: Float[Tensor, " 2"]) -> Float[Tensor, ""]:
        return (self.w * x).sum()


if __name__ == "__main__":
    model = TwoKnobs()
    print("registered:", {name: p.tolist() for name, p in model.named_parameters()})
    print("saved:", list(model.state_dict()), " called:", model(torch.tensor([3.0, -1])).item())
    print("Linear:", {name: tuple(p.shape) for name, p in nn.Linear(4, 3).named_parameters()})


# %% [markdown] lang="zh"
# ### 练习 · 第一个模块 · 10 分钟
# 写一个模块：最后一个轴上的 d 个特征（feature，描述样本的数），各自乘以自己的 `scale`，再加上自己的 `shift`。
# 例如 d 是 2，`scale` 是 $(2, -1)$，`shift` 是 $(0, 10)$，那么 $(3, 4)$ 变成 $(6, 6)$。
# 参数恰好是这两个，形状都是 `(d,)`，都能训练；开始时 `scale` 全是 1，`shift` 全是 0，什么也不改变。
# `x` 前面可以有任意多个轴，`x` 本身不改动；梯度要能传到两个参数，也要能传到 `x`。`__init__` 的第一行也由你来写。
# 参数是 float32，结果的类型由乘法和加法决定，不必转换：`x` 是 float64，结果就是 float64；别的类型不判。第 2 天的归一化层（把数调到差不多的大小），最后一步就是它。
# %% [markdown] lang="en"
# ### Exercise · a first module · 10 min
# Write a module: each of the d **features** (the numbers that describe an example) on the last axis is multiplied by a `scale` of its own, then a `shift` of its own is added.
# With d = 2, `scale` $(2, -1)$ and `shift` $(0, 10)$ turn $(3, 4)$ into $(6, 6)$.
# These two are all its parameters, both of shape `(d,)`, both trainable; at the start `scale` is all 1 and `shift` all 0, so nothing changes.
# `x` may have any number of axes before the last; `x` itself stays unchanged; gradients reach both parameters and `x`. The first line of `__init__` is yours to write, too.
# The parameters are float32, and multiplying and adding give the type of the result; nothing needs converting: a float64 `x` gives float64 (other types aren't judged). It is the last step of day 2's normalisation layers (which bring numbers to about the same size).
# %% exercise="ScaleShift" difficulty=2 importance=5 minutes=10
class ScaleShift(nn.Module):
    """x * scale + shift, with the parameters `scale` (d,) of ones and `shift` (d,) of zeros at the start."""

    def __init__(self, d: int) -> None:
        # solution
        super().__init__()
        self.scale = nn.Parameter(torch.ones(d))
        self.shift = nn.Parameter(torch.zeros(d))

    def forward(self, x: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
        # solution
        return x * self.scale + self.shift


if __name__ == "__main__":
    if tests.test_ScaleShift(ScaleShift):
        print({name: tuple(p.shape) for name, p in ScaleShift(4).named_parameters()})

# %% [markdown] lang="zh" tags=["hint"]
# `TwoKnobs` 的哪三行要换，换成什么？
# %% [markdown] lang="en" tags=["hint"]
# Which three lines of `TwoKnobs` must change, and into what?
# %% [markdown] lang="zh" tags=["hint"]
# 查一查 `torch.ones` 和 `torch.zeros`；形状 `(d,)` 从右边对齐，自己就广播好了。
# %% [markdown] lang="en" tags=["hint"]
# Look up `torch.ones` and `torch.zeros`; a shape of `(d,)` is aligned from the right, and broadcasts by itself.
# %% [markdown] lang="zh" numbers="16.00 0.00 25.00 225.00"
# 参数由训练决定；学习率 $\eta$ 不由训练决定，而由你在训练之前选定：这样的量叫超参数（hyperparameter）。
# 同样的一步，只换 $\eta$，损失是 16.00、0.00、25.00 或 225.00。
# 训练的循环不会替你选 $\eta$：`backward()` 求的是*走这一步之前*的损失的斜率，那时还没有用到 $\eta$，所以它得不到斜率。
# 层数是整数，没有“大一丁点”，也没有斜率。
# 还有一种超参数有斜率，但顺着斜率走会走错。为了不让参数太大，常在损失上加一项罚款：$\lambda$ 乘以参数的平方和。$\lambda$ 越小，损失就越小；若交给梯度下降，$\lambda$ 会一路变小，过了 0 还要变成负的，罚款就成了奖励。
# 要选超参数，就用不同的值各训练一次，在验证集（validation set，不参加训练的数据）上比较。
# 没有被训练的，并不都是超参数：数据就不是你选定的设置。
# %% [markdown] lang="en" numbers="16.00 0.00 25.00 225.00"
# Parameters are found by training; the learning rate $\eta$ isn't: you choose it before training, and such a quantity is a **hyperparameter**.
# One and the same step, only with another $\eta$, leads to a loss of 16.00, 0.00, 25.00 or 225.00.
# The training loop doesn't choose it: `backward()` finds slopes of the loss *before* the step, where $\eta$ isn't used yet, so $\eta$ gets none.
# The number of layers is whole: there is no “a little more”, and no slope either.
# A third kind has a slope that leads the wrong way. To keep parameters small, one often adds a penalty to the loss: $\lambda$ times the sum of their squares. The smaller $\lambda$, the smaller the loss, so gradient descent would take $\lambda$ below 0, and the penalty would be a reward.
# To choose a hyperparameter, train once with each of several values, and compare on a **validation set**, data that takes no part in training.
# Not everything that isn't trained is a hyperparameter: data aren't a setting that you chose.
# %%
if __name__ == "__main__":
    for lr in (0.01, 0.05, 0.1, 0.2):
        print(f"lr {lr}: loss {two_knobs(2 - lr * 30, 1 - lr * -10):.2f}")

# %% [markdown] lang="zh"
# ### 练习 · 归类 · 5 分钟
# 每一项写 `"parameter"`、`"hyperparameter"` 或 `"neither"`，例如学习率是 `"hyperparameter"`。
# 有几样东西以后才讲，这里知道一句就够。Linear（线性层，见上）和 convolution（卷积）：两种层都有权重和偏置，都由梯度下降改动。embedding（嵌入）：每个词一行的表，行里的数由梯度下降改动。BatchNorm（批归一化）的 running mean：见过的数据的滑动平均（越新的数据，比重越大），没有梯度。dropout：按你给的概率随机丢掉一些数。batch size：一批里有几个样本。
# %% [markdown] lang="en"
# ### Exercise · sort them · 5 min
# Write `"parameter"`, `"hyperparameter"` or `"neither"` for each; the learning rate, for example, is a `"hyperparameter"`.
# Some come later; this is enough here. Linear (above) and convolution are layers; gradient descent changes their weights and biases. It also changes an embedding, a table with one row for each word. The running mean of a BatchNorm is an average of the data seen so far (newer data weigh more), without a gradient. Dropout drops numbers at random, with the probability you give it. The batch size is how many examples are in a batch.
# %% exercise="parameter_or_hyperparameter" difficulty=1 importance=4 minutes=5
QUANTITIES = [
    "the weight of a Linear layer",
    "the learning rate",
    "the bias of a convolution",
    "the number of layers",
    "the rows of an embedding",
    "the batch size",
    "the running mean of a BatchNorm",
    "the probability of dropout",
    "the training pictures",
]


def parameter_or_hyperparameter() -> dict[str, str]:
    """For each of QUANTITIES "parameter", "hyperparameter" or "neither"."""
    # solution
    hyper = {"the learning rate", "the number of layers", "the batch size", "the probability of dropout"}
    neither = {"the running mean of a BatchNorm", "the training pictures"}
    return {q: "hyperparameter" if q in hyper else "neither" if q in neither else "parameter" for q in QUANTITIES}


if __name__ == "__main__":
    tests.test_parameter_or_hyperparameter(parameter_or_hyperparameter)

# %% [markdown] lang="zh" tags=["hint"]
# 问自己：梯度下降会改动它吗？如果不会，是我在训练之前选定的吗？
# %% [markdown] lang="en" tags=["hint"]
# Ask: does gradient descent change it? If not, did I choose it before training?
# %% [markdown] lang="zh" tags=["question"] see="sgd_step"
# 合上书：张量、损失、`backward()`、优化器、参数、模块、超参数，各用一句话说出它是什么、做什么、不做什么。再举出五个超参数。
# %% [markdown] lang="en" tags=["question"] see="sgd_step"
# Without looking, say of each in one sentence what it is or does, and what it doesn't: a tensor, the loss, `backward()`, the optimiser, a parameter, a module, a hyperparameter. Then name five hyperparameters.
# %% [markdown] lang="zh" tags=["answer"]
# 张量是一块内存和读它的方法；它还能记住自己是怎样算出来的，NumPy 数组不能。
# 损失把预测和答案变成一个数，越小越好，不改动任何东西。
# `backward()` 把斜率加进参数的 `.grad`，不动参数。
# 优化器读 `.grad`，就地改动参数，不算梯度，也不看数据。
# 参数是要求梯度的叶子，由训练决定。
# 模块登记参数并定义前向计算，自己不训练。
# 超参数由你选定，训练不改动它：学习率、批次大小、层数、每层的宽度、训练几轮，还有用哪个优化器。
# %% [markdown] lang="en" tags=["answer"]
# A tensor is a block of memory and a way of reading it; it can also note how it was computed, which a NumPy array can't.
# The loss turns predictions and answers into one number, the lower the better, and changes nothing.
# `backward()` adds slopes to the `.grad` of the parameters, and leaves the parameters alone.
# The optimiser reads `.grad` and changes parameters in place; it computes no gradients and sees no data.
# A parameter is a leaf that requires gradients, and training finds it.
# A module registers parameters and defines the forward computation; it doesn't train by itself.
# A hyperparameter is chosen by you, and training leaves it alone: the learning rate, the batch size, the number of layers, the width of each, how long to train, and which optimiser.
# %% [markdown] lang="zh" numbers="0.125 0.625"
# ## 7 · 不怕大数的 softmax
# 分类器给每一类打的分可以是任何数，叫 logits；我们要的却是概率：都是正数，加起来是 1。
# 直接除以总和不行：分数有正有负，总和甚至会是 0。
# 先取指数，也就是算 $e^x$，负数也变成正数，大小的顺序不变；再除以总和。这就是 softmax：$\mathrm{softmax}(x)_i = e^{x_i} / \sum_j e^{x_j}$。在 PyTorch 的 `softmax(dim=…)` 里没有轴消失：`dim` 说的是沿哪个轴加起来等于 1，一批 `(batch, n)` 的分数就写 `dim=1`。
# 动手算：分数 $0, \ln 2, \ln 5$（$\ln$ 是以 $e$ 为底的对数），取指数得 $1, 2, 5$，总和是 8，概率是 $0.125, 0.25, 0.625$。
# 分数每大 1，所占的份额相对于别人就变成 $e \approx 2.718$ 倍：起作用的只是分数之*差*。
# 只有两类时看得最清楚：$e^a / (e^a + e^b)$ 分子、分母同除以 $e^a$，得 $1 / (1 + e^{-(a - b)})$，它是差 $a - b$ 的 sigmoid 函数（`part0_chance` 再讲）。
# %% [markdown] lang="en" numbers="0.125 0.625"
# ## 7 · A softmax for any scores
# The scores that a classifier gives its classes may be any numbers, called **logits**; what we want are probabilities, all positive, with sum 1.
# To divide by the sum won't do: some scores are negative, and the sum may even be 0.
# Take exponentials $e^x$ first, which makes negative scores positive and keeps the order; then divide by the sum. That is the **softmax**: $\mathrm{softmax}(x)_i = e^{x_i} / \sum_j e^{x_j}$. In PyTorch's `softmax(dim=…)` no axis vanishes: `dim` is the axis along which the sum becomes 1; for a batch of scores, `(batch, n)`, it is `dim=1`.
# By hand: the scores $0, \ln 2, \ln 5$ ($\ln$ is the logarithm to base $e$) have exponentials $1, 2, 5$ with sum 8, so the probabilities are $0.125, 0.25, 0.625$.
# A score higher by 1 multiplies a share, relative to the others, by $e \approx 2.718$: only *differences* of scores matter.
# Two classes show it best: in $e^a / (e^a + e^b)$ divide numerator and denominator by $e^a$, and it is $1 / (1 + e^{-(a - b)})$, the **sigmoid** of the difference $a - b$ (more in `part0_chance`).
# %% [markdown] lang="zh" tags=["question"] see="batched_softmax"
# 三个分数都加上 100，概率怎样变？都乘以 3 呢？先预测，再运行，看图。
# %% [markdown] lang="en" tags=["question"] see="batched_softmax"
# Add 100 to all three scores: what happens to the probabilities? And if you multiply all three by 3? Predict, run, and look.
# %% [markdown] lang="zh" numbers="0.93" tags=["answer"]
# 加 100：不变，$e^{100}$ 在分子和分母里约掉了。
# 乘以 3：差变成三倍，取指数得 $1, 8, 125$，最大的占到 0.93：赢家拿得更多。所以分数本身不是概率，也不能随便缩放。
# %% [markdown] lang="en" numbers="0.93" tags=["answer"]
# Adding 100: nothing, $e^{100}$ cancels between numerator and denominator.
# Times 3: the differences are three times as large, the exponentials $1, 8, 125$, and the largest has 0.93: the winner takes more. So scores are no probabilities, and scaling them is not harmless.
# %%
scores = torch.tensor([1.0, 2, 5]).log()  # 0, ln 2, ln 5
if __name__ == "__main__":
    for name, s in {"scores": scores, "plus 100": scores + 100, "times 3": scores * 3}.items():
        print(f"{name:9}", [f"{p:.3f}" for p in s.softmax(dim=0)])
    figures.shares({"x": scores, "x + 100": scores + 100, "3 x": scores * 3}).show()

# %% [markdown] lang="zh" numbers="89 1000"
# 照公式写，有个坑：float32 里 $e^{89}$ 已经超出最大的数，成了无穷 `inf`，这叫上溢（overflow，float64 里从 $e^{710}$ 起）；模型的分数可以是 1000，softmax 就成了 `inf` 除以 `inf`，即 `nan`。
# 另一头，$e^{-1000}$ 小得只能存成 0，叫下溢（underflow）：0 除以 0 也是 `nan`，0 的对数则是负无穷。
# 总和的对数 $\mathrm{logsumexp}(x) = \log \sum_i e^{x_i}$ 本身并不大：两个 1000，它只是 $1000 + \ln 2 = 1000.693$；大的只是中间结果（$\log$ 在这里就是 $\ln$，代码里的 `log` 也是）。
# %% [markdown] lang="en" numbers="89 1000"
# Written as it reads, the formula has a trap: in float32 $e^{89}$ is beyond the largest number and becomes infinite, `inf`, which is called **overflow** (in float64 from $e^{710}$ on); scores may be 1000, and softmax is then `inf` over `inf`, `nan`.
# At the other end $e^{-1000}$ is so small that it is kept as 0, **underflow**: 0 over 0 is `nan` as well, and the logarithm of 0 is minus infinity.
# The log of the sum, $\mathrm{logsumexp}(x) = \log \sum_i e^{x_i}$, isn't large at all: for two scores of 1000 it is just $1000 + \ln 2 = 1000.693$; only the result on the way is ($\log$ is $\ln$ here, as `log` in code).
# %%
if __name__ == "__main__":
    for value in (88.0, 89.0, 1000.0, -1000.0):
        e = torch.tensor([value, value]).exp()  # :.3g and :.6g print 3 and 6 digits
        print(f"exp({value:g}) = {e[0]:.3g}, log(sum(exp)) = {e.sum().log():.6g}, softmax {(e / e.sum()).tolist()}")
    figures.overflow(torch.logsumexp).show()

# %% [markdown] lang="zh" numbers="1000.693 -18.42"
# 办法是先把最大值 $m$ 提出来：$\log \sum_i e^{x_i} = m + \log \sum_i e^{x_i - m}$，两边相等，因为 $e^{x_i} = e^m \cdot e^{x_i - m}$。
# 现在肩上的 $x_i - m$ 都不大于 0，$e^{x_i - m}$ 就都不大于 1，不会上溢；$n$ 项里最大的恰好是 $e^0 = 1$，总和在 1 与 $n$ 之间，取对数也安全，logsumexp 就在 $m$ 与 $m + \ln n$ 之间。
# 动手算 $(1000, 1000)$：$m = 1000$，剩下 $e^0 + e^0 = 2$，结果是 $1000 + \ln 2 = 1000.693$。
# 常见的误解是“取对数之前加一个很小的数 $\varepsilon$ 就稳定了”。分数是 $(0, 1000)$ 时，第 0 类的对数概率应是 $-1000$。
# 直接对 softmax 取对数，得到负无穷；先加 $10^{-8}$ 再取，得到 $-18.42$：不报错，却是错的，梯度也成了 0，什么也学不到。
# %% [markdown] lang="en" numbers="1000.693 -18.42"
# The way out is to take the maximum $m$ out first: $\log \sum_i e^{x_i} = m + \log \sum_i e^{x_i - m}$, and both sides are equal because $e^{x_i} = e^m \cdot e^{x_i - m}$.
# Now no exponent $x_i - m$ is above 0, no $e^{x_i - m}$ above 1, and nothing overflows; the largest of the $n$ terms is exactly $e^0 = 1$, so the sum lies between 1 and $n$, its log is safe, and logsumexp lies between $m$ and $m + \ln n$.
# By hand for $(1000, 1000)$: $m = 1000$, what remains is $e^0 + e^0 = 2$, and the result $1000 + \ln 2 = 1000.693$.
# Many add a small $\varepsilon$ before the log and think it stable. With scores $(0, 1000)$ the right log-probability of class 0 is $-1000$.
# The log of the softmax gives minus infinity; with $10^{-8}$ added first it gives $-18.42$, which is wrong without any error, and its gradient is 0, so nothing is learned.
# %%
if __name__ == "__main__":
    x = torch.tensor([1000.0, 1000.0])
    top = x.max()
    print(f"taken out: {top + (x - top).exp().sum().log():.3f}")
    far = torch.tensor([0.0, 1000.0])  # `log_softmax`, below, is PyTorch's own log of the softmax, and stable
    p = far.softmax(dim=0)[0]
    print(f"log of softmax {p.log():.2f}, with 1e-8 {(p + 1e-8).log():.2f}, torch's {far.log_softmax(dim=0)[0]:.2f}")


# %% [markdown] lang="zh" numbers="1.386 1000.693"
# ### 练习 · logsumexp · 10 分钟
# 这一节的四个函数都自己写，不用 PyTorch 现成的：`logsumexp`、`logcumsumexp`、`logaddexp`、`logaddexp2`、`softmax`、`softmin`、`log_softmax`、`nll_loss`、`cross_entropy`（没见过的几个是它们的近亲，用不着），也不用 `nn.Softmax` 这样的类；你自己写好的函数可以互相调用。
# 损失是要求导（算梯度）的，所以结果要与输入相连（不用 `detach`、`.item()`、`no_grad`），梯度也要对，分数很大时也一样。
# 每一行一个数：$(0, \ln 3)$ 和 $(1000, 1000)$ 两行，得到 $\ln 4 = 1.386$ 和 1000.693。
# 每一行都是有限的数（没有 `inf` 和 `nan`），结果就要有限；同一批里，一行可以很大，另一行很小。
# %% [markdown] lang="en" numbers="1.386 1000.693"
# ### Exercise · logsumexp · 10 min
# Write the four functions of this section yourself, without PyTorch's `logsumexp`, `logcumsumexp`, `logaddexp`, `logaddexp2`, `softmax`, `softmin`, `log_softmax`, `nll_loss` and `cross_entropy` (relatives that you haven't met aren't needed), and without classes such as `nn.Softmax`; your own functions may call one another.
# A loss is there to be differentiated (to have its gradient taken), so the result stays connected to its input (without `detach`, `.item()`, `no_grad`), and gradients must be right, for large scores too.
# One number for each row: the rows $(0, \ln 3)$ and $(1000, 1000)$ give $\ln 4 = 1.386$ and 1000.693.
# All rows are finite (no `inf`, no `nan`), and so is the result; within one batch one row may be very large, and another very small.
# %% exercise="batched_logsumexp" difficulty=3 importance=5 minutes=10
def batched_logsumexp(matrix: Float[Tensor, "batch n"]) -> Float[Tensor, " batch"]:
    """The log of the sum of the exponentials of each row, finite for every finite row."""
    # solution
    top = matrix.amax(dim=1)
    return top + (matrix - top[:, None]).exp().sum(dim=1).log()


if __name__ == "__main__":
    if tests.test_batched_logsumexp(batched_logsumexp):
        rows = torch.tensor([[1.0, 3], [1, 1]]).log() + torch.tensor([[0.0], [1000]])
        print([f"{value:.3f}" for value in batched_logsumexp(rows)])


# %% [markdown] lang="zh" tags=["hint"]
# 整批共用一个最大值，行不行？想一想 $(0, 0)$ 与 $(1000, 1000)$ 同在一批。
# %% [markdown] lang="en" tags=["hint"]
# Will one maximum for the whole batch do? Think of $(0, 0)$ and $(1000, 1000)$ in one batch.
# %% [markdown] lang="zh" tags=["hint"]
# 每一行的最大值用 `amax`；减的时候它的形状应当是 `batch 1`，加回来时应当是 `batch`。
# %% [markdown] lang="en" tags=["hint"]
# `amax` gives the maximum of each row; to subtract it the shape must be `batch 1`, to add it back `batch`.
# %% [markdown] lang="zh" numbers="0.269 0.731"
# ### 练习 · softmax · 5 分钟
# 返回每一行的 softmax：$(0, \ln 3)$ 得到 $(0.25, 0.75)$；$(1000, 1001)$ 得到 $(0.269, 0.731)$，与 $(0, 1)$ 一样。轴弄错了不会报错，形状也不变：那样每一*列*加起来才是 1，一个样本的概率就随同批的其他样本而变；所以写完查一查每一行的和。
# 分数大到一百万也要一样准；一百万附近的 float32 相隔 $1/16$，所以先做减法（每个分数减去这一行的最大值），后面的计算只用这些差。
# %% [markdown] lang="en" numbers="0.269 0.731"
# ### Exercise · softmax · 5 min
# Return the softmax of each row: $(0, \ln 3)$ gives $(0.25, 0.75)$; $(1000, 1001)$ gives $(0.269, 0.731)$, as $(0, 1)$ does. The wrong axis raises no error and keeps the shape: then each *column* adds up to 1, and the probabilities of one example change with the others in its batch; so look at the sums of the rows.
# It must be as exact for scores of a million; float32 numbers near a million are $1/16$ apart, so subtract first (from each score the largest of its row), and compute with these differences only.
# %% exercise="batched_softmax" difficulty=2 importance=5 minutes=5
def batched_softmax(matrix: Float[Tensor, "batch n"]) -> Float[Tensor, "batch n"]:
    """The softmax of each row, finite for every finite row, and as exact for large scores as for small ones."""
    # solution
    exps = (matrix - matrix.amax(dim=1, keepdim=True)).exp()
    return exps / exps.sum(dim=1, keepdim=True)


if __name__ == "__main__":
    if tests.test_batched_softmax(batched_softmax):
        print("softmax of 1000, 1001:", [f"{p:.3f}" for p in batched_softmax(torch.tensor([[1000.0, 1001]]))[0]])


# %% [markdown] lang="zh" tags=["hint"]
# 所有分数加上同一个数，softmax 不变：每一行该加上什么，才不会溢出？
# %% [markdown] lang="en" tags=["hint"]
# Adding one number to all scores doesn't change a softmax: what do you add to each row, so that nothing overflows?
# %% [markdown] lang="zh" tags=["hint"]
# 减去最大值、取指数、除以和，三步；两处都用 `keepdim=True`。用 `batched_logsumexp` 的结果去减，在一百万附近会舍入得很粗。
# %% [markdown] lang="en" tags=["hint"]
# Three steps: subtract the maximum, take exponentials, divide by their sum; twice with `keepdim=True`. To subtract the result of `batched_logsumexp` would round coarsely near a million.
# %% [markdown] lang="zh" numbers="-1000"
# ### 练习 · log softmax · 5 分钟
# 训练时要的是概率的对数：$\log \mathrm{softmax}(x)_i = x_i - \mathrm{logsumexp}(x)$；一行里每个分数减去的是同一个数，差不变。所以这些对数概率也可以当分数用：对它们再做 softmax，概率还是原来那些。
# $(0, \ln 3)$ 得到 $(-1.386, -0.288)$；$(0, 1000)$ 得到 $(-1000, 0)$，没有无穷。分数大到一百万也要准：照公式直接减，舍入很粗，要像上一个练习那样先减去最大值。
# %% [markdown] lang="en" numbers="-1000"
# ### Exercise · log softmax · 5 min
# Training needs the log of the probabilities: $\log \mathrm{softmax}(x)_i = x_i - \mathrm{logsumexp}(x)$; all scores of a row lose the same number, so these logs, used as scores, have the same softmax.
# $(0, \ln 3)$ gives $(-1.386, -0.288)$; $(0, 1000)$ gives $(-1000, 0)$, with nothing infinite. It must be exact for scores of a million, too, where the formula as it stands rounds coarsely: subtract the maximum first, as in the last exercise.
# %% exercise="batched_logsoftmax" difficulty=2 importance=5 minutes=5
def batched_logsoftmax(matrix: Float[Tensor, "batch n"]) -> Float[Tensor, "batch n"]:
    """The log of the softmax of each row; finite, unless the entries of a row lie further apart than the dtype can hold."""
    # solution
    shifted = matrix - matrix.amax(dim=1, keepdim=True)
    return shifted - batched_logsumexp(shifted)[:, None]


if __name__ == "__main__":
    if tests.test_batched_logsoftmax(batched_logsoftmax):
        row = torch.tensor([[0.0, 1000.0]])
        print("log of softmax:", batched_softmax(row).log().tolist(), "log softmax:", batched_logsoftmax(row).tolist())

# %% [markdown] lang="zh" tags=["hint"]
# 先求 softmax 再取对数，小的概率会怎样？
# %% [markdown] lang="en" tags=["hint"]
# If you take the log of a softmax, what becomes of small probabilities?
# %% [markdown] lang="zh" tags=["hint"]
# 同一行减去同一个数，log softmax 不变：先减去最大值，`batched_logsumexp` 的结果就小了，舍入也细了。
# %% [markdown] lang="en" tags=["hint"]
# Subtracting one number from a whole row doesn't change its log softmax: subtract the maximum first, and the result of `batched_logsumexp` is small and finely rounded.
# %% [markdown] lang="zh" numbers="0.47 1.39 2.303 0.31"
# 预测有多好？看它给*正确*的类多大概率，取负对数：这就是交叉熵损失（cross-entropy loss）。
# 概率是 $(0.125, 0.25, 0.625)$：正确的若是第 2 类，损失 $-\ln 0.625 = 0.47$；若是第 1 类，$-\ln 0.25 = 1.39$；给了 1 就是 0，给得越少，罚得越重，没有上限：这正是取对数的用处，概率 0.01 比 0.1 要多付 $\ln 10$。
# 十类里胡猜，每类 0.1，损失是 $\ln 10 = 2.303$：新建的网络，第一个损失就该在这附近，否则先去找错。
# 常见的错误：把概率交给 `nn.functional.cross_entropy`。它要的是分数，softmax 它自己会做。
# 分数 $(10, 0)$，第 0 类正确，损失几乎是 0；先做了 softmax 再交给它，损失是 0.31。只有两类时，无论怎么训练，损失也降不到 0.31 以下，而程序不会报错。
# %% [markdown] lang="en" numbers="0.47 1.39 2.303 0.31"
# How good is a prediction? See which probability it gives the *true* class, and take minus its log: the **cross-entropy loss**.
# With probabilities $(0.125, 0.25, 0.625)$: if class 2 is true, the loss is $-\ln 0.625 = 0.47$; if class 1 is, $-\ln 0.25 = 1.39$; a probability of 1 costs 0, and as it falls the price rises without limit, which is what the log is for: 0.01 costs $\ln 10$ more than 0.1.
# A blind guess among ten gives each 0.1, and the loss is $\ln 10 = 2.303$: near that the first loss of a new network should be, or else look for a mistake.
# A common mistake is to hand probabilities to `nn.functional.cross_entropy`. It wants the scores, and does the softmax itself.
# With scores $(10, 0)$ and class 0 true the loss is nearly 0; hand it the softmax of them instead, and the loss is 0.31. With two classes no training brings it below 0.31, and no error tells you.
# %%
if __name__ == "__main__":
    print([f"{-p.log():.2f}" for p in scores.softmax(dim=0)], "blind guess among 10:", f"{np.log(10):.3f}")
    figures.price().show()
    sure, label = torch.tensor([[10.0, 0.0]]), torch.tensor([0])
    for name, given in {"scores": sure, "softmax": sure.softmax(dim=1)}.items():
        print("given the", name, f"the loss is {nn.functional.cross_entropy(given, label):.2f}")


# %% [markdown] lang="zh"
# ### 练习 · 交叉熵损失 · 5 分钟
# 每个样本一个数，不取平均：正确类别的概率的负对数。
# 两行分数都是 $(0, \ln 3)$，正确的类是 1 和 0，得到 $-\ln 0.75 = 0.288$ 和 $-\ln 0.25 = 1.386$。
# 分数大到一百万也要准；结果与 `logits` 相连，类型也与它相同。从第 2 天起，分类的训练都用它。
# %% [markdown] lang="en"
# ### Exercise · cross-entropy loss · 5 min
# One number per example, not averaged: minus the log of the probability of the true class.
# For two rows of scores $(0, \ln 3)$ with true classes 1 and 0 you return $-\ln 0.75 = 0.288$ and $-\ln 0.25 = 1.386$.
# It is exact even where scores are a million; the result is connected to `logits` and has its type. From day 2 on all training of classifiers uses it.
# %% exercise="batched_cross_entropy_loss" difficulty=3 importance=5 minutes=5
def batched_cross_entropy_loss(
    logits: Float[Tensor, "batch n"], true_labels: Int[Tensor, " batch"]
) -> Float[Tensor, " batch"]:
    """Cross entropy of each example, not averaged; rows whose entries differ by more than the dtype holds aren't judged."""
    # solution
    return -batched_logsoftmax(logits).gather(1, true_labels[:, None])[:, 0]


if __name__ == "__main__":
    if tests.test_batched_cross_entropy_loss(batched_cross_entropy_loss):
        logits = torch.tensor([[1.0, 2, 5]]).log().requires_grad_()  # final underscore: in place
        batched_cross_entropy_loss(logits, torch.tensor([1])).sum().backward()
        print("slopes of the scores:", logits.grad)


# %% [markdown] lang="zh" tags=["hint"]
# 哪个练习从每一行取出指定的列？它要的索引是什么形状？
# %% [markdown] lang="en" tags=["hint"]
# Which exercise took named columns from each row, and which shape of index does it want?
# %% [markdown] lang="zh" tags=["hint"]
# 对 `batched_logsoftmax` 的结果用 `gather`，标签竖成 `batch 1`；取出以后去掉多余的轴，再变号。
# %% [markdown] lang="en" tags=["hint"]
# `gather` from the result of `batched_logsoftmax`, with labels standing as `batch 1`; then drop the extra axis, and change the sign.
# %% [markdown] lang="zh" tags=["question"] see="batched_cross_entropy_loss"
# 上一格的最后一行打印三个分数的斜率，正确的是第 1 类，概率是 $(0.125, 0.25, 0.625)$。先猜正负号，再猜数值；三个斜率加起来是多少，为什么？
# “A Recipe for Training Neural Networks”（Andrej Karpathy，英文）用损失的初值做第一道检查；读完请回答：那里还有哪两道检查，只看损失就能做？
# %% [markdown] lang="en" tags=["question"] see="batched_cross_entropy_loss"
# The last line of the cell above prints the slopes of three scores; class 1 is true, and the probabilities are $(0.125, 0.25, 0.625)$. Guess the signs, then the numbers; what is the sum of the three slopes, and why?
# “A Recipe for Training Neural Networks” (Andrej Karpathy, in English) takes the first loss as its first check; then say: which two other checks there need the loss alone?
# %% [markdown] lang="zh" numbers="0.125 -0.75 0.625" tags=["answer"]
# $(0.125, -0.75, 0.625)$：就是概率减去答案 $(0, 1, 0)$。正确的那一类斜率为负，拧大它，损失就降。
# 和是 0：所有分数加上同一个数，概率不变，损失也不变。
# 例如：拿一小批数据训练，损失应当能降到接近 0；把输入全换成 0，损失应当比用真数据时高。
# %% [markdown] lang="en" numbers="0.125 -0.75 0.625" tags=["answer"]
# $(0.125, -0.75, 0.625)$: the probabilities minus the answer $(0, 1, 0)$. The true class has a negative slope: turn it up, and the loss falls.
# The sum is 0: adding one number to all scores changes no probability, and so no loss.
# For example: trained on one small batch, the loss should come close to 0; with all inputs set to 0, it should be higher than with real data.
# %% [markdown] lang="zh" tags=["question"] see="batched_logsumexp"
# 为什么减去最大值，而不是平均值？用 $(0, 0, 3000)$ 试一试。
# %% [markdown] lang="en" tags=["question"] see="batched_logsumexp"
# Why subtract the maximum rather than the mean? Try $(0, 0, 3000)$.
# %% [markdown] lang="zh" tags=["answer"]
# 平均值没有保证：$(0, 0, 3000)$ 减去 1000 仍有 2000，照样上溢。
# 减去最大值，肩上的数就都不大于 0，总和也不小于 1。
# %% [markdown] lang="en" tags=["answer"]
# The mean promises nothing: $(0, 0, 3000)$ minus 1000 still contains 2000, and overflows.
# The maximum promises that no exponent is above 0, and that the sum is at least 1.
# %% [markdown] lang="zh" numbers="6 3"
# ## 8 · 签名里的形状
# 第 2 节里，形状错了一个轴，程序不报错，损失却错了。把形状写进签名，再让 Python 在每次调用时检查，这样的错误当场就被拦下。
# `Float[Tensor, "batch d"]`：浮点数（float32、float64 都行），两个轴；同一次调用里，同名的轴必须一样长，长度可以是 0。
# 写数字就固定长度，`...` 代表任意多个轴；只有一个轴时，名字前留一个空格，编辑器就不会把它当成类型名。
# 单有注解什么也不检查；`@` 开头的一行叫装饰器（decorator），它把下面的函数包起来：`@jaxtyped(typechecker=beartype)` 让 Python 检查传进来的值，也检查返回的结果；本课程的测试都会这样检查你的函数。
# 动手走一遍 `weighted_mean`：`x` 是 $(3, 2)$，于是 batch 是 3，d 是 2；`weights` 必须是 $(3,)$，结果必须是 $(2,)$。
# 两行 $(0, 0)$ 和 $(8, 4)$，权重 1 和 3：加权平均是 $(0 + 3 \cdot 8)/4 = 6$ 和 $(0 + 3 \cdot 4)/4 = 3$。
# %% [markdown] lang="en" numbers="6 3"
# ## 8 · Shapes in the signature
# In section 2 a shape had one axis too many, no error came, and the loss was wrong. Write shapes into the signature, have Python check them at each call, and such a mistake is stopped on the spot.
# `Float[Tensor, "batch d"]`: floats (float32 as well as float64), two axes; within one call, axes of one name must be equally long, and a length may be 0.
# A number fixes a length, and `...` stands for any number of axes; a single axis has a space before its name, or else an editor takes it for a type.
# Annotations alone check nothing; a line that begins with `@` is a **decorator** and wraps the function below it: `@jaxtyped(typechecker=beartype)` has Python check the values passed in, and the result as well; the tests of this course check your functions in this way.
# Walk through `weighted_mean` by hand: `x` is $(3, 2)$, so batch is 3 and d is 2; `weights` must be $(3,)$, and the result $(2,)$.
# Two rows $(0, 0)$ and $(8, 4)$ with weights 1 and 3 have the weighted mean $(0 + 3 \cdot 8)/4 = 6$ and $(0 + 3 \cdot 4)/4 = 3$.
# %%
@jaxtyped(typechecker=beartype)
def weighted_mean(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    """The mean of the rows of x by weight."""
    return weights @ x / weights.sum()  # a row @ a table: the sum of its rows, each times its weight


@jaxtyped(typechecker=beartype)
def plain_sum(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    """Means to be `weighted_mean`, and is wrong."""
    return x.sum(dim=0)


@jaxtyped(typechecker=beartype)
def kept_axis(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    """Means to be `weighted_mean`, and keeps an axis too many."""
    return (weights[:, None] * x).sum(dim=0, keepdim=True) / weights.sum()


if __name__ == "__main__":
    print(weighted_mean(torch.tensor([[0.0, 0], [8, 4]]), torch.tensor([1.0, 3])).tolist())
    try:
        weighted_mean(torch.ones(2, 3), torch.ones(4))
    except Exception as error:
        print("stopped:", type(error).__name__)  # what kind of error

# %% [markdown] lang="zh"
# ### 练习 · 检查能抓住什么 · 10 分钟
# 每一次调用：能通过就写 `True`，被检查拦下就写 `False`；例如上一格的第二次调用，写 `False`。
# `.double()` 变成 float64，`.long()` 变成 int64。检查只知道注解里写的事，别替它多想。
# %% [markdown] lang="en"
# ### Exercise · what a check catches · 10 min
# For each call write `True` if it goes through, `False` if the check stops it; for the second call of the last cell you would write `False`.
# `.double()` makes float64, `.long()` makes int64. A check knows what the annotation says and nothing more.
# %% exercise="predict_checks" difficulty=3 importance=4 minutes=10
CHECKS = {
    "as it should be": "weighted_mean(torch.ones(3, 2), torch.ones(3))",
    "one weight per column": "weighted_mean(torch.ones(3, 2), torch.ones(2))",
    "weights as a column": "weighted_mean(torch.ones(3, 2), torch.ones(3, 1))",
    "double precision": "weighted_mean(torch.ones(3, 2).double(), torch.ones(3).double())",
    "integers": "weighted_mean(torch.ones(3, 2).long(), torch.ones(3).long())",
    "an array": "weighted_mean(np.ones((3, 2)), np.ones(3))",
    "no rows": "weighted_mean(torch.ones(0, 2), torch.ones(0))",
    "a square, transposed": "weighted_mean(torch.ones(3, 3).T, torch.ones(3))",
    "a wrong formula": "plain_sum(torch.ones(3, 2), torch.ones(3))",
    "a wrong result shape": "kept_axis(torch.ones(3, 2), torch.ones(3))",
}


def predict_checks() -> dict[str, Any]:
    """For each of CHECKS True if the call goes through, else False."""
    # solution
    stopped = {"one weight per column", "weights as a column", "integers", "an array", "a wrong result shape"}
    return {name: name not in stopped for name in CHECKS}


if __name__ == "__main__":
    tests.test_predict_checks(predict_checks)


# %% [markdown] lang="zh" tags=["hint"]
# 每次调用问三句：类型对吗？元素的种类对吗？每个轴的长度对吗？
# %% [markdown] lang="en" tags=["hint"]
# Ask three things of each call: is the type right, the kind of elements, and the length of each axis?
# %% [markdown] lang="zh" tags=["hint"]
# 数值的含义不在注解里；而返回的结果，形状是要查的。
# %% [markdown] lang="en" tags=["hint"]
# What the numbers mean is in no annotation; the shape of the result, however, is checked.
# %% [markdown] lang="zh"
# ### 练习 · 写注解 · 10 分钟
# 现在由你来写。注解也是值，不是字符串，可以放进字典；例如“三行、列数任意的浮点数”是 `Float[Tensor, "3 n"]`。
# 该拦的要拦：轴的个数、固定的长度、元素的种类，都要写准；整数不算浮点数，NumPy 数组不算张量。
# - `"picture"`：一张图，恰好 3 个颜色通道（三张重叠的表：红、绿、蓝），然后是高和宽，浮点数
# - `"square"`：浮点数的方阵，行数与列数相等
# - `"labels"`：一个轴，长度任意，整数（int32、int64 都行）
# - `"mask"`：真假值，两个轴
# - `"pictures"`：浮点数，前面任意多个轴，最后是高和宽
# %% [markdown] lang="en"
# ### Exercise · write annotations · 10 min
# Now you write them. An annotation is a value, not a string, and fits into a dictionary; “floats in three rows and any number of columns”, for example, is `Float[Tensor, "3 n"]`.
# What must be stopped is stopped: get the number of axes, the fixed lengths and the kind of elements right; whole numbers are no floats, NumPy's arrays no tensors.
# - `"picture"`: one picture: exactly 3 colour channels (three tables laid on each other: red, green, blue), then height and width; floats
# - `"square"`: a square table of floats, with as many rows as columns
# - `"labels"`: whole numbers (int32 as well as int64), one axis of any length
# - `"mask"`: truth values, two axes
# - `"pictures"`: floats, any number of axes in front, height and width at the end
# %% exercise="shape_annotations" difficulty=3 importance=4 minutes=10
def shape_annotations() -> dict[str, Any]:
    """An annotation for each of "picture", "square", "labels", "mask" and "pictures"."""
    # solution
    return {
        "picture": Float[Tensor, "3 height width"],
        "square": Float[Tensor, "n n"],
        "labels": Int[Tensor, " batch"],
        "mask": Bool[Tensor, "batch seq"],
        "pictures": Float[Tensor, "... height width"],
    }


if __name__ == "__main__":
    tests.test_shape_annotations(shape_annotations)

# %% [markdown] lang="zh" tags=["hint"]
# 同一个名字能不能写两次？任意多个轴怎样写？写好以后，用 `isinstance(torch.zeros(3, 4), …)` 试一试。
# %% [markdown] lang="en" tags=["hint"]
# May one name stand twice, and how do you write any number of axes? Once written, try `isinstance(torch.zeros(3, 4), …)`.
# %% [markdown] lang="zh" tags=["hint"]
# `Int`、`Bool`、`Float` 说的是元素的种类；五个里有一个要写数字，一个要写 `...`。
# %% [markdown] lang="en" tags=["hint"]
# `Int`, `Bool` and `Float` name the kind of elements; of the five, one needs a number, and one needs `...`.
# %% [markdown] lang="zh" tags=["question"] see="predict_checks"
# 注解写对了，检查也通过了，还会错在哪里？举出三样，各写一行代码来证明。
# jaxtyping 文档的“Array annotations”一页（英文）列出全部写法，例如 `*batch`；读完请回答：怎样写“比 n 大 1”的长度？
# %% [markdown] lang="en" tags=["question"] see="predict_checks"
# The annotations are right and the check passes: what may still be wrong? Name three things, and prove each by a line of code.
# The page “Array annotations” of jaxtyping's documentation (in English) lists all that can be written, `*batch` for instance; then say: how do you write a length that is n plus 1?
# %% [markdown] lang="zh" tags=["answer"]
# 一切形状看不出来的东西：公式错了，两个一样长的轴弄反了，沿错了轴却碰巧一样长，设备不对，出现 `nan`。
# 所以测试要让每个轴的长度都不同，还要核对数值。
# 比 n 大 1 写成 `n+1`，n 要在前面的注解里出现过。
# %% [markdown] lang="en" tags=["answer"]
# Whatever a shape doesn't show: a wrong formula, two equally long axes swapped, a wrong axis of the same length by chance, a wrong device, a `nan`.
# So tests use a different length for each axis, and compare values.
# A length of n plus 1 is written `n+1`, once n has stood in an annotation before.
# %% [markdown] lang="zh"
# ## 这一课的零件，以后在哪里用
# - 步长：第 2 天的 `part2_strides`，用视图造出卷积。
# - 广播与归约：每一课；下一课 `part0_einops` 给每个轴起名字，读起来就不用数 `dim` 了。
# - 梯度：第 2 天的训练靠它；第 3 天的 `part3_backprop`，你亲手写出 `backward()`。
# - `sgd_step`：第 4 天的 `part4_optimization` 在它的基础上推出动量和 Adam。
# - softmax 与交叉熵：`part0_chance` 从“惊讶程度”推出它，第 2 天的分类器用它训练。
# %% [markdown] lang="en"
# ## Where the pieces of this lesson come back
# - Strides: in `part2_strides` on day 2, where views make a convolution.
# - Broadcasting and reductions: in every lesson; the next one, `part0_einops`, gives each axis a name, and you no longer count `dim`.
# - Gradients: all training of day 2 needs them; on day 3, in `part3_backprop`, you write `backward()` yourself.
# - `sgd_step`: in `part4_optimization` on day 4 you extend it to momentum and Adam.
# - Softmax and cross-entropy: `part0_chance` derives the loss from surprise, and the classifiers of day 2 are trained by it.
