# %% [markdown] lang="zh" order=8
# # 第 0 天 · 单元格、调试器、测试
#
# 写代码的时间，多半不花在写上，而花在找错上。
# 这一课把找错的三样工具各用一遍：弄清一格代码留下了什么，在调试器里找出三个错误，写能抓住错误的测试。
#
# **先修**：`part0_tensors` 的第 1 节（形状、轴）；会写 Python 函数。
# **时间**：约 2 小时；第 2 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint minibatches`，自测用 `coach questions`。
#
# 只评判练习里写明的情形；名字和写法不限，用 NumPy、循环或标准库都行。
# %% [markdown] lang="en" order=8
# # Day 0 · cells, the debugger, tests
#
# Most of a programmer's time goes not into writing code, but into finding out why it doesn't work.
# This lesson uses the three tools for that once each: you learn what a cell leaves behind, find three bugs in the debugger, and write tests that catch bugs.
#
# **You need** section 1 of `part0_tensors` (shapes, axes), and Python functions.
# **Time**: about two hours; after section 2 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint minibatches` helps when you are stuck, `coach questions` asks the self-check.
#
# Only what an exercise describes is judged; names and ways of writing are free, be it NumPy, a loop or the standard library.
# %%
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import numpy as np
from jaxtyping import Float

from part0_debugging import sandbox, tests
from part0_debugging.flats import flats, learned_with_bugs

Batch = tuple[Float[np.ndarray, "size columns"], Float[np.ndarray, " size"]]


# %% [markdown] lang="zh"
# ## 1 · 单元格
# ### 文件里的顺序，内核里的顺序
#
# 从一个 `# %%` 到下一个，叫一个单元格（cell）。
# 这一课说的编辑器是 VS Code：按 `Shift+Enter`（或点上方的 “Run Cell”），它把这几行送进*交互式窗口*：那里有一个一直开着的 Python 进程，叫*内核*；变量、导入、函数都活在内核里。
# 所以训练十分钟得到的结果还在，改一行图的标题不必重来。
# 代价也在这里：内核只知道你*运行过*什么、按什么顺序，不知道文件现在长什么样。
# 终端里的 `python answers.py` 是另一个进程：它从空白开始，把文件从头跑到尾，跑完所有变量就没了；它看不见内核里的变量，内核也看不见它的。
# %% [markdown] lang="en"
# ## 1 · Cells
# ### The order in the file, the order in the kernel
#
# From one `# %%` to the next is a **cell**.
# The editor of this lesson is VS Code: there `Shift+Enter` (or "Run Cell" above it) sends these lines to the *Interactive Window*: there a Python process stays open, the *kernel*, and in it live variables, imports and functions.
# So what ten minutes of training gave is still there when you only change a title in a plot.
# The price: the kernel knows what you *ran*, and in which order; it doesn't know what the file looks like now.
# `python answers.py` in a terminal is another process: it begins with nothing, runs the file from its top to its end, and then its variables are gone; it doesn't see the kernel's, nor the kernel its.
# %%
if __name__ == "__main__":
    runs = 0
# %%
if __name__ == "__main__":
    runs += 1
    print("this cell has run", runs, "time(s)")


# %% [markdown] lang="zh" tags=["question"] see="standardise"
# 把上面第二格连着运行三次，再运行第一格，再运行第二格：它依次打印什么？
# 然后把第一格的两行删掉（不重启内核）再运行第二格：会报错吗？明天重开这个文件呢？
# %% [markdown] lang="en" tags=["question"] see="standardise"
# Run the second cell above three times, then the first, then the second: what does it print each time?
# Then delete the two lines of the first cell (without restarting the kernel), and run the second: is it an error? And when you open the file tomorrow?
# %% [markdown] lang="zh" tags=["answer"]
# 1、2、3，然后 1。删掉之后打印 2：内核里的 `runs` 还在，文件却已经不能从头运行；明天就是 `NameError`。
# 很多人以为“现在能跑”说明文件是对的。只有“重启内核，再全部运行”才说明问题：命令面板里的 “Jupyter: Restart Kernel” 和 “Jupyter: Run All Cells”。
# %% [markdown] lang="en" tags=["answer"]
# 1, 2, 3, then 1. After the deletion it prints 2: `runs` is still in the kernel, although the file can no longer run from its top; tomorrow it is a `NameError`.
# Many believe that "it runs" means that the file is right. Only "restart the kernel, then run everything" shows that: "Jupyter: Restart Kernel" and "Jupyter: Run All Cells" in the command palette.
# %% [markdown] lang="zh"
# 值得记住的几样：
#
# - `F1` 打开命令面板，输入几个字母就能找到任何命令；“Jupyter: Run Cells Above Current Cell” 运行上面所有的格子。
# - 面板里每条命令旁边写着它的快捷键，所以只要记住这一个；`Ctrl+P`（macOS 上是 `⌘P`）按名字里的几个字母打开一个文件。
# - 一格可能运行两次：`losses = losses[1:]` 每运行一次就少一个。结果另起一个名字，`kept = losses[1:]`，或者在同一格里从头造 `losses`，运行几次都一样。
# - 交互式窗口里的 “Variables” 列出内核里的每个变量；单元格的最后一行若是一个值，会直接显示；图显示在格子下面，可以放大、悬停。
# - 模块只在第一次 `import` 时执行，之后的 `import` 只是从内存里再拿一次：改了 `utils.py`，要重启内核，或者 `importlib.reload(utils)`，才看得到。
# - `coach notebook 1` 把你第 1 天的 `answers.py` 写成一个 notebook（`.ipynb`）；评判的始终是 `answers.py`，在那里写的代码要复制回来。
# %% [markdown] lang="en"
# Worth remembering:
#
# - `F1` opens the command palette, where a few letters find any command; "Jupyter: Run Cells Above Current Cell" runs all cells above.
# - Beside each command the palette shows its key, so this key is the only one to remember; `Ctrl+P` (`⌘P` on macOS) opens a file by a few letters of its name.
# - A cell may run twice: `losses = losses[1:]` drops one more each time. With a new name for the result, `kept = losses[1:]`, or with `losses` made in the same cell, that does no harm.
# - "Variables" in the Interactive Window lists every variable in the kernel; if a cell's last line is a value, it is shown; a figure appears beneath its cell, to zoom and hover.
# - A module runs at its first `import` only; a later `import` just takes it from memory. After a change in `utils.py` restart the kernel, or call `importlib.reload(utils)`.
# - `coach notebook 1` writes your `answers.py` of day 1 as a notebook (`.ipynb`); what is judged is always `answers.py`, so copy back what you wrote there.
# %% [markdown] lang="zh" numbers="174.2"
# ## 2 · 调试器
# ### 能运行，却是错的
#
# 下面三个函数是一个小训练脚本：给 20 套公寓（面积、房龄）学出月租。
# 它没有报错，给出的月租平均却差了 174.2 欧元，而房租本身的噪声只有三十欧元左右。里面藏着三个错误。
# `print` 回答你想到要问的问题；调试器回答另外三个：我*在*哪里，我是*怎么*到这里的，这里的每样东西*是*什么。
# %% [markdown] lang="en" numbers="174.2"
# ## 2 · The debugger
# ### It runs, and it is wrong
#
# The three functions below are a small training script: from 20 flats (area, age) it learns the monthly rent.
# It raises no error, and yet its rents are wrong by 174.2 euros on average, where the noise in the rents is about thirty. Three bugs hide in it.
# `print` answers the questions that you think of; a debugger also says *where* you are, *how* you got there, and *what* everything is.
# %%
if __name__ == "__main__":
    areas_ages, rents = flats()
    print("shape of x:", areas_ages.shape, "  first flats (m², years):", areas_ages[:3].astype(int).tolist())
    wrong_by = np.abs(learned_with_bugs(areas_ages, rents) - rents).mean()
    print("rents:", rents[:3].astype(int).tolist(), f"  the script is wrong by {wrong_by:.1f} on average")


# %% [markdown] lang="zh" numbers="20 1 43"
# ### 断点、调用栈、监视
#
# 断点（breakpoint）是“在执行这一行*之前*停下”的记号：点行号左边，或按 `F9`。
# 然后按 `F5`，选 “This script”（当前脚本）；或者选 “Check the exercise at the cursor”（检查光标处的练习），它只跑光标处那道练习的测试。
# 停下之后左边有三块：
#
# - *变量*：这个函数里每个名字的值和类型；点开数组能看到 `shape`。
# - 调用栈（call stack）：最上面一行是这里，下一行是谁调用了它，再下一行……点哪一行，变量就换成那个函数的。
# - 监视（watch）：写一个表达式，每停一次重新算一次，例如 `mean.shape`。
#
# 继续走：`F10` 走完这一行（不进被调用的函数），`F11` 走进去，`Shift+F11` 走出来，`F5` 跑到下一个断点。
# 被调用的函数信得过，就 `F10`；怀疑它，就 `F11`；在里面看够了，就 `Shift+F11`。
# 循环只在第 4731 轮出错：右键点断点，选 “Edit Breakpoint…”，写一个条件，例如 `i == 4731`；它只在条件为真时停下，叫条件断点（conditional breakpoint）。
# 不想停、只想看值怎样变：右键点行号左边，选 “Add Logpoint…”，写 `loss is {loss}`；每次走到这里，它在调试控制台里打印这句话，花括号换成当时的值，文件里不必加 `print`。
# 没有人接的错误，调试器也会停下来；若停在某个库的深处，就在调用栈里往下找第一个属于你的文件的一行：多半是那里传错了东西。
# 有 `except` 接住的错误，要在“断点”一栏里勾上 “Raised Exceptions” 才会停。
# 停着的时候，下面的*调试控制台*（Debug Console）可以算任何表达式，用的是停下的那个函数里的名字；能调用函数，甚至能给变量赋值，但那样你调试的就是另一个程序了。
# 断点始终不停？多半是这一行没有执行到，条件从来不为真，跑的是另一个文件（或另一份副本），或者启动时没有带调试器（`Shift+Enter` 而不是 `F5`）。
#
# 试一次：在 `standardise` 的 `return` 那一行设断点，`F5`。监视 `mean.shape`，得到 `(20, 1)`，一套公寓一个均值；应当是 `(1, 2)`，一列一个。
# 再看 `mean[0]`：43，是 84 平方米和 2 年的“平均”，毫无意义。
# %% [markdown] lang="en" numbers="20 1 43"
# ### Breakpoints, the call stack, watches
#
# A **breakpoint** is a mark that says "stop *before* this line is executed": click to the left of the line's number, or press `F9`.
# Then press `F5` and choose "This script"; or "Check the exercise at the cursor", which runs only the tests of the exercise where the cursor is.
# When it stands still, look at three views on the left:
#
# - *Variables*: value and type of every name in this function; open an array to see its `shape`.
# - The **call stack**: its first row is here, the next is who called it, and so on; click a row, and the variables are those of that function.
# - A **watch** is an expression that is computed anew at each stop, `mean.shape` for example.
#
# To go on: `F10` finishes this line (without entering the functions that it calls), `F11` goes in, `Shift+F11` goes out, `F5` runs to the next breakpoint.
# Take `F10` where you trust the function that is called, `F11` where you suspect it, and `Shift+F11` when you have seen enough of it.
# If a loop goes wrong in round 4731 only, right-click the breakpoint, choose "Edit Breakpoint…" and type a condition, `i == 4731` for example: a **conditional breakpoint** stops only where it is true.
# To see values change without a stop, right-click left of the line's number, choose "Add Logpoint…" and type `loss is {loss}`: at each pass the Debug Console shows this text with the value in place of the braces, and the file needs no `print`.
# The debugger also stops at an error that nobody catches; if that is deep inside a library, go down the call stack to the first row of a file of your own: most often something wrong was passed there.
# At an error that some `except` catches it stops only if "Raised Exceptions" is ticked in the view Breakpoints.
# While it stands still, the *Debug Console* evaluates any expression with the names of the stopped function; it can call functions and even assign to variables, but then you debug another program.
# If a breakpoint is never reached: the line isn't executed, its condition is never true, another file (or copy) runs, or it was started without the debugger (`Shift+Enter` for `F5`).
#
# Try it: a breakpoint on the line of `return` in `standardise`, then `F5`. Watch `mean.shape`: it is `(20, 1)`, a mean for each flat; it should be `(1, 2)`, one for each column.
# Then `mean[0]`: it is 43, the "average" of 84 square metres and 2 years, which means nothing.
# %%
if __name__ == "__main__":
    print("mean over axis 1:", areas_ages.mean(axis=1, keepdims=True).shape, areas_ages.mean(axis=1)[0])
    print("mean over axis 0:", areas_ages.mean(axis=0, keepdims=True).shape, areas_ages.mean(axis=0).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 第一个错误：轴 · 10 分钟
#
# `standardise` 应当让*每一列*的均值为 0、标准差为 1（总体标准差，像 `x.std` 默认的那样）：列 `[1, 3]` 变成 `[-1, 1]`。
# 行数不限（至少两行），没有一列是常数；输入不改动，类型不变。就地改好它。
# %% [markdown] lang="en"
# ### Exercise · the first bug: an axis · 10 min
#
# `standardise` should give *each column* mean 0 and standard deviation 1 (of the population, as `x.std` has it by default): the column `[1, 3]` becomes `[-1, 1]`.
# There are any number of rows (two at least), and no column is constant; the input stays as it is, and so does the dtype. Repair it in place.
# %% exercise="standardise" kind="debug" difficulty=1 importance=4 minutes=10
def standardise(x: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns"]:
    """Each column with mean 0 and standard deviation 1."""
    mean = x.mean(axis=1, keepdims=True)
    std = x.std(axis=1, keepdims=True)
    return (x - mean) / std


# solution
def standardise_mended(x: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns"]:
    """Each column with mean 0 and standard deviation 1."""
    mean = x.mean(axis=0, keepdims=True)  # axis 0, the rows, is what vanishes
    std = x.std(axis=0, keepdims=True)
    return (x - mean) / std


standardise = standardise_mended  # noqa: F811

if __name__ == "__main__":
    standardise(areas_ages)  # the first call: here a breakpoint in the function stops
    tests.test_standardise(standardise)


# %% [markdown] lang="zh" tags=["hint"]
# `axis` 说的是*消失*的那个轴：要一列一个均值，该消失的是行还是列？
# %% [markdown] lang="en" tags=["hint"]
# `axis` names the axis that *vanishes*: for one mean a column, which should vanish, rows or columns?
# %% [markdown] lang="zh" numbers="0 8 16"
# ### 练习 · 第二个错误：最后一批 · 10 分钟
#
# `minibatches` 把 `x` 和 `y` 按顺序切成小批（batch），每批 `size` 行；最后一批可以少一些，一行也不能丢。
# 20 行、`size` 为 8，应当从 0、8、16 开始，得到 8、8、4 行；`size` 至少是 1，可以比行数大，行数可以是 0（没有批）。
# 断点设在 `return` 一行，监视 `list(starts)`：它是 `[0, 8]`。从第 16 行起的四套公寓，训练永远见不到，而且没有任何报错。
# %% [markdown] lang="en" numbers="0 8 16"
# ### Exercise · the second bug: the last batch · 10 min
#
# `minibatches` cuts `x` and `y` into batches of `size` rows, in order; the last may be smaller, and no row may be lost.
# With 20 rows and `size` 8 they should start at 0, 8 and 16, and have 8, 8 and 4 rows; `size` is at least 1 and may be larger than the number of rows, which may be 0 (no batches).
# Set a breakpoint on the line of `return` and watch `list(starts)`: it is `[0, 8]`. The four flats from row 16 on are never seen in training, and nothing complains.
# %% exercise="minibatches" kind="debug" difficulty=1 importance=4 minutes=10
def minibatches(x: Float[np.ndarray, "rows columns"], y: Float[np.ndarray, " rows"], size: int) -> list[Batch]:
    """The rows in order, `size` at a time; the last batch may be smaller."""
    starts = range(0, len(x) - size, size)
    return [(x[i : i + size], y[i : i + size]) for i in starts]


# solution
def minibatches_mended(x: Float[np.ndarray, "rows columns"], y: Float[np.ndarray, " rows"], size: int) -> list[Batch]:
    """The rows in order, `size` at a time; the last batch may be smaller."""
    starts = range(0, len(x), size)  # a slice that reaches over the end is cut there
    return [(x[i : i + size], y[i : i + size]) for i in starts]


minibatches = minibatches_mended  # noqa: F811

if __name__ == "__main__":
    minibatches(areas_ages, rents, 8)
    print("starts:", list(range(0, len(areas_ages) - 8, 8)), "instead of", list(range(0, len(areas_ages), 8)))
    tests.test_minibatches(minibatches)


# %% [markdown] lang="zh" tags=["hint"]
# 最后一批从哪一行开始？`range` 的第二个数本身取不到；切片超出末尾会怎样？
# %% [markdown] lang="en" tags=["hint"]
# At which row does the last batch start? `range` leaves out its second number; and what does a slice do that reaches over the end?
# %% [markdown] lang="zh"
# ### 练习 · 第三个错误：过时的变量 · 15 分钟
#
# `train` 用小批梯度下降做线性回归：`w`、`b` 从 0 开始，每一轮（epoch）依次走过每一批。
# 每一批先用*此刻*的 `w`、`b` 算误差 `x @ w + b - y`，然后减去 `lr` 乘梯度：`x.T @ error / len(x)` 和 `error.mean()`。
# （梯度见 `part0_tensors`；这里的公式是对的。）
# 手算：一批，一列，`x = [[1]]`，`y = [2]`，`lr = 0.5`：误差 -2，`w` 和 `b` 都变成 1；再一轮误差是 0，就停在那里。
#
# 断点设在 `w = …` 一行，监视 `error[0]` 和 `(x @ w + b - y)[0]`。
# 第一次停下时两者相同。
# 按 `F5` 到第二次：`error` 还是 -978.0，是用旧的 `w` 算的；用新的算应当是 -884.9，差了 93.1。
# 变量还在，值却过时了：这样的错误形状、类型都对，连损失也照样下降。
# 批都不空，至少有一批；`epochs` 可以是 0。
# %% [markdown] lang="en"
# ### Exercise · the third bug: a stale variable · 15 min
#
# `train` does linear regression by gradient descent on small batches: `w` and `b` start at 0, and every epoch goes through the batches in order.
# For each batch it first computes the error `x @ w + b - y` with *the present* `w` and `b`, then subtracts `lr` times the gradients, which are `x.T @ error / len(x)` and `error.mean()`.
# (`part0_tensors` explains the gradient; the formulas here are right.)
# By hand: one batch, one column, `x = [[1]]`, `y = [2]`, `lr = 0.5`: the error is -2, so `w` and `b` both become 1; in the next epoch the error is 0, and there they stay.
#
# Set a breakpoint on the line `w = …` and watch `error[0]` and `(x @ w + b - y)[0]`.
# At the first stop they are the same.
# Press `F5` for the second: `error` is -978.0, computed with the old `w`; with the new one it would be -884.9, a difference of 93.1.
# The variable is there and its value is out of date: shapes and types are right, and even the loss goes down.
# No batch is empty, and there is one at least; `epochs` may be 0.
# %% exercise="train" kind="debug" difficulty=3 importance=4 minutes=15
def train(batches: Sequence[Batch], lr: float, epochs: int) -> tuple[Float[np.ndarray, " columns"], float]:
    """The weights and the bias after so many epochs of gradient descent, a step for each batch."""
    w, b = np.zeros(batches[0][0].shape[1]), 0.0
    for _ in range(epochs):
        errors = [x @ w + b - y for x, y in batches]
        for i in range(len(batches)):
            x, y = batches[i]
            error = errors[i]
            w = w - lr * x.T @ error / len(x)
            b = b - lr * float(error.mean())
    return w, b


# solution
def train_mended(batches: Sequence[Batch], lr: float, epochs: int) -> tuple[Float[np.ndarray, " columns"], float]:
    """The weights and the bias after so many epochs of gradient descent, a step for each batch."""
    w, b = np.zeros(batches[0][0].shape[1]), 0.0
    for _ in range(epochs):
        for x, y in batches:
            error = x @ w + b - y  # by the present w and b
            w = w - lr * x.T @ error / len(x)
            b = b - lr * float(error.mean())
    return w, b


train = train_mended  # noqa: F811

if __name__ == "__main__":
    tests.test_train(train)


# %% [markdown] lang="zh" tags=["hint"]
# `errors` 在哪一行算出来？从那一行到用它的那一行之间，`w` 变过几次？
# %% [markdown] lang="en" tags=["hint"]
# On which line is `errors` computed? Between that line and the one that uses it, how often does `w` change?
# %% [markdown] lang="zh" tags=["hint"]
# 把误差的计算移到内层循环里，紧挨在用它之前。
# %% [markdown] lang="en" tags=["hint"]
# Move the computation of the error into the inner loop, right before its use.
# %% [markdown] lang="zh" tags=["question"] see="train"
# 先猜，再运行下一格：只改好第一个错误，平均误差会从 174.2 降到多少？再改好另外两个呢？
# %% [markdown] lang="en" tags=["question"] see="train"
# Guess, then run the next cell: with only the first bug repaired, the mean error falls from 174.2 to what? And with the other two repaired as well?
# %% [markdown] lang="zh" numbers="22 24.1" tags=["answer"]
# 降到 22 左右；三个都改好以后是 24.1，反而*略高*。
# 分数看不出后两个错误：少见四套公寓、误差略微过时，结果都还“差不多”。换一份数据、换一个学习率，它们就可能毁掉一切。
# 所以“损失在下降”不证明代码是对的；这要靠测试，下一节就写。
# %% [markdown] lang="en" numbers="22 24.1" tags=["answer"]
# To about 22; with all three repaired it is 24.1, even *a little more*.
# The score doesn't show the last two bugs: with four flats unseen and errors slightly out of date the result is still "about right". With other data, or another learning rate, they may ruin everything.
# So "the loss goes down" doesn't prove that the code is right; tests do, and they come next.
# %%
if __name__ == "__main__":
    if tests.test_standardise(standardise) and tests.test_minibatches(minibatches) and tests.test_train(train):
        x = standardise(areas_ages)
        w, b = train(minibatches(x, rents, 8), lr=0.1, epochs=50)
        one_repaired = learned_with_bugs(areas_ages, rents, axis=0)
        for name, learned in (("first bug repaired", one_repaired), ("all three", x @ w + b)):
            print(f"{name}: wrong by {np.abs(learned - rents).mean():.1f} on average")


# %% [markdown] lang="zh"
# ## 3 · 测试
# ### 一个测试是一条论据
#
# 测试（test）是一段会失败的代码：它说“这个函数在这个输入上应当给出这个结果”，不对就报错。
# pytest 的规矩只有几条：
#
# - 文件叫 `test_….py`，函数叫 `test_…`，pytest 自己找到它们（discovery），不用登记。
# - 里面用普通的 `assert`：`assert x` 在 x 为假时报错；失败时 pytest 会把两边的值都打印出来。
# - 浮点数不用 `==` 比：`0.1 + 0.2 == 0.3` 是 False。写 `assert got == pytest.approx(0.3)`，它允许一点误差：*预期值*的百万分之一以内都算对；列表也行。
# - 这有时太松。预期是十亿，差 999 也算对。差 $10^{-12}$ 总算对，所以预期比这还小的，连 0 也算对。
#   这时自己定：`rel` 是允许的误差占预期值的几分之几，`abs` 是允许的误差本身，两个里较大的算数：`pytest.approx(wanted, rel=1e-9, abs=0)`。
# - 应当报错的：`with pytest.raises(ValueError):`，里面不报这种错，测试就失败。
# - 别处报了错、没有人接住，测试也失败。所以没有 `assert` 的测试也能发现函数会崩溃，却发现不了它算错。
# - 挑例子，是为了让错的写法露馅：数各不相同、不对称，参数弄混或漏用才看得出来；有界限的，界限上、两边各要一个。
# - 预期值不要用被测的代码去算，也不要抄同一个公式：错就错得一样。
#   手算，写一个慢而明显的循环，或者只查一条性质：排好的再排一次，不变。
# - 说了“不改动输入”的：调用前复制一份（里面还有列表就用 `copy.deepcopy`），调用后比一比。
# %% [markdown] lang="en"
# ## 3 · Tests
# ### A test is an argument for a claim
#
# A **test** is code that can fail: it says "on this input this function should give this result", and raises an error where it doesn't.
# The rules of pytest are few:
#
# - Files are called `test_….py`, functions `test_…`, and pytest finds them by itself (discovery); nothing is registered.
# - Inside stands a plain `assert`: `assert x` is an error where x is false; when it fails, pytest prints the values on both sides.
# - Floats aren't compared by `==`: `0.1 + 0.2 == 0.3` is False. Write `assert got == pytest.approx(0.3)`, which allows an error of a millionth *of the expected value*; lists work, too.
# - That can be too loose. Where a billion is expected, 999 too many pass. A difference of $10^{-12}$ always passes, so where less than that is expected, even 0 does.
#   Then set the error that is allowed: `rel` as a share of the expected value, `abs` as it is; the larger of the two counts: `pytest.approx(wanted, rel=1e-9, abs=0)`.
# - What should be an error: `with pytest.raises(ValueError):`; if no such error comes inside, the test fails.
# - Any other error that nobody catches makes a test fail, too. So a test without `assert` still finds a function that crashes, but not one that returns a wrong result.
# - Choose examples that give wrong code away: numbers that differ and aren't symmetric, so that swapped or unused arguments show; where there is a limit, one on it and one on each side.
# - Expected values don't come from the code under test, or from the same formula: both would be wrong alike.
#   Work them out by hand or by a slow and obvious loop, or check a property: sorting once more changes nothing.
# - An input that must stay as it is: copy it before the call (`copy.deepcopy` if lists are inside), and compare afterwards.
# %%
if __name__ == "__main__":
    total, wanted = 0.1 + 0.2, 0.3
    print(total == wanted, f"{total:.17f}", abs(total - wanted) <= 1e-6 * wanted)


# %% [markdown] lang="zh"
# ### 同一个测试，许多例子：parametrize；同样的准备：fixture
#
# 四个例子写成四个函数太啰嗦，写成循环，第一个失败就看不到后面的。
# `parametrize` 让一个函数对每一行跑一次，各算各的。
#
# 夹具（fixture）是测试要用的一样东西，由 pytest 在*每个*测试前现做一份，用参数的名字来要。
# `tmp_path` 是 pytest 自带的：一个全新的空文件夹；自己的夹具写成 `@pytest.fixture` 下面的函数。
# 用完要收拾的（关文件、停服务器），就把 `return` 换成 `yield`：它前面的在测试之前做，后面的在测试之后做，测试失败了也做。
# 每个测试一份新的，前一个测试写的文件就不会让后一个碰巧通过。
#
# 下一格里的文件有四个测试，其中一个是故意错的；运行，看 pytest 怎样说。
# %% [markdown] lang="en"
# ### One test, many examples: parametrize; the same preparation: fixtures
#
# Four examples as four functions are long-winded; as a loop, the first failure hides the rest.
# `parametrize` runs one function for each row, and each counts by itself.
#
# A **fixture** is something that tests need, which pytest makes anew before *each* test; a test asks for it by the name of a parameter.
# `tmp_path` is pytest's own: a fresh, empty folder; your own are functions under `@pytest.fixture`.
# If something must be cleared up afterwards (a file closed, a server stopped), write `yield` in place of `return`: what stands before it is done before the test, what stands behind it after the test, even one that failed.
# With a new one for each test, a file that one test wrote can't make the next one pass by chance.
#
# The file in the next cell has four tests, one of them wrong on purpose; run it, and see what pytest says.
# %%
EXAMPLE = """
import pytest

@pytest.mark.parametrize(("values", "expected"), [([1, 2, 6], 3.0), ([4], 4.0), ([0.1, 0.2], 0.3)])
def test_mean(values, expected):
    assert sum(values) / len(values) == pytest.approx(expected)

@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs" / "log.jsonl"

def test_nothing_is_there_yet(path):
    assert not path.exists()
"""

if __name__ == "__main__":
    print(sandbox.pytest(EXAMPLE))


# %% [markdown] lang="zh" tags=["question"] see="write_running_tests"
# 一个文件夹里有 `test_a.py`、`a_test.py`、`tests_a.py`，每个文件里都有 `def test_one()` 和 `def check_two()`。`pytest` 一共运行几个函数？
# %% [markdown] lang="en" tags=["question"] see="write_running_tests"
# A folder holds `test_a.py`, `a_test.py` and `tests_a.py`, each with `def test_one()` and `def check_two()`. How many functions does `pytest` run?
# %% [markdown] lang="zh" tags=["answer"]
# 两个：默认只看 `test_*.py` 和 `*_test.py`，其中只要名字以 `test` 开头的函数。`tests_a.py` 被悄悄跳过。
# 没被找到的测试不会失败，所以总要看一眼 pytest 最后说的 “2 passed” 是不是你以为的个数；`pytest --collect-only -q` 列出找到的。
# %% [markdown] lang="en" tags=["answer"]
# Two: by default it looks only into `test_*.py` and `*_test.py`, and there only at functions whose name begins with `test`. `tests_a.py` is passed over in silence.
# A test that isn't found can't fail, so always look whether the "2 passed" at the end is the number that you had in mind; `pytest --collect-only -q` lists what was found.
# %% [markdown] lang="zh"
# ### 练习 · 给滑动平均写测试 · 25 分钟
#
# 把你的测试文件的全文写进 `file`（一个路径）。它用 `from running import running_mean` 拿到被测的函数：
# `running_mean(values, window)` 返回每 `window` 个相邻数的均值，一个列表：`running_mean([1.0, 2.0, 6.0], 2)` 是 `[1.5, 4.0]`。
# `values` 是浮点数的列表，不许改动；`window` 小于 1 或大于 `values` 的长度时报 `ValueError`；所以对空列表，任何 `window` 都报错。
# 结果只保证到舍入为止：正确的实现用累积和，`running_mean([0.1, 0.2, 0.3], 1)` 不*恰好*等于 `[0.1, 0.2, 0.3]`。
# 所以例子取寻常的数：绝对值不超过一千，一个列表不超过一百个；用 `pytest.approx` 比较，不要写得比默认更严。预期是 0（或几乎是 0）的，写 `abs=1e-9`，默认的 $10^{-12}$ 可能不够。
#
# 你的文件会由 pytest 运行九次：对正确的实现，每个测试都要通过；八个错的，每个都要至少有一个测试失败。八个里的每一个都违反上面的某一句话。
# 不联网，30 秒以内结束；要用到的都写在这一个文件里。最好先在旁边写一个真的 `test_running.py`，编辑器会帮你，再把全文放进来。
# %% [markdown] lang="en"
# ### Exercise · tests for a running mean · 25 min
#
# Write the whole text of your test file into `file`, a path. By `from running import running_mean` it gets the function to be tested:
# `running_mean(values, window)` returns the means of every `window` neighbours, as a list: `running_mean([1.0, 2.0, 6.0], 2)` is `[1.5, 4.0]`.
# `values` is a list of floats and must stay as it is; a `window` below 1 or above the length of `values` raises `ValueError`; so for an empty list every `window` is an error.
# Results hold up to rounding: the right implementation uses cumulative sums, and `running_mean([0.1, 0.2, 0.3], 1)` is not *exactly* `[0.1, 0.2, 0.3]`.
# So let examples have ordinary numbers, up to a thousand in size and up to a hundred in a list; compare by `pytest.approx`, and no more strictly than its defaults. Where 0 (or nearly 0) is expected, write `abs=1e-9`, as the default of $10^{-12}$ may be too little.
#
# Pytest runs your file nine times: on the right implementation every test must pass; on each of eight wrong ones at least one test must fail. Each of the eight breaks one of the sentences above.
# No network, 30 seconds at most, everything in this one file. Best write a real `test_running.py` first, where the editor helps you, then put its text here.
# %% exercise="write_running_tests" difficulty=3 importance=5 minutes=25
def write_running_tests(file: Path) -> None:
    """Writes a test file for `running_mean` to that path."""
    # solution
    text = """
        import pytest
        from running import running_mean


        @pytest.mark.parametrize(
            ("values", "window", "means"),
            [
                ([1.0, 2.0, 6.0], 2, [1.5, 4.0]),
                ([3.0, 1.0, 2.0, 9.0], 3, [2.0, 4.0]),  # not sorted
                ([0.1, 0.2, 0.3], 1, [0.1, 0.2, 0.3]),  # exact only up to rounding
                ([5.0, 2.0], 2, [3.5]),  # the window is the whole
            ],
        )
        def test_means(values, window, means):
            before = list(values)
            assert running_mean(values, window) == pytest.approx(means)
            assert values == before


        @pytest.mark.parametrize("window", [-1, 0, 4])
        def test_a_window_that_does_not_fit(window):
            with pytest.raises(ValueError):
                running_mean([1.0, 2.0, 3.0], window)
    """
    file.write_text(dedent(text), encoding="utf-8")


if __name__ == "__main__":
    tests.test_write_running_tests(write_running_tests)


# %% [markdown] lang="zh" tags=["hint"]
# 把说明里的每一句话都当成一条可能被违反的规则：哪个例子只在违反这一条时才失败？
# %% [markdown] lang="en" tags=["hint"]
# Take each sentence of the description as a rule that may be broken: which example fails only if this one is?
# %% [markdown] lang="zh" tags=["hint"]
# 没有排好序的数；不是整数的均值；`window` 为 1、3 和等于长度；0 和长度加 1；调用前后比较 `values`。
# %% [markdown] lang="en" tags=["hint"]
# Values that aren't sorted; means that aren't whole; a `window` of 1, of 3, and of the whole length; 0 and the length plus 1; `values` compared before and after.
# %% [markdown] lang="zh"
# ### 练习 · 给日志写测试 · 20 分钟
#
# 再写一个测试文件，这回被测的代码会读写文件：`from runlog import add, read`。
# `add(path, record)` 把字典 `record` 作为一行 JSON（把字典写成文字，像 `{"step": 1}`）接在文件 `path`（一个 `Path`）的末尾，缺少的文件夹会建好，`record` 不改动；
# `read(path)` 返回文件里所有的字典，先写的在前，数还是数；文件不存在时返回 `[]`；读取不改动文件。
# 每个 `path` 各是各的日志。文件是 UTF-8，每条记录一行，以换行结尾；不是这样的文件（例如手写的、有空行的），`read` 不保证读得懂。
# 一行 JSON 里空几格，é 这样的字（汉字也是）照写还是写成编号 `\u00e9`，都不规定：比较读回来的字典，不要比文字。
#
# 评判方式相同：正确的都要通过，八个错的各要抓住，每一个都违反上面的某一句话。只写 `tmp_path` 里面的文件。
# %% [markdown] lang="en"
# ### Exercise · tests for a log · 20 min
#
# One more test file, this time for code that reads and writes files: `from runlog import add, read`.
# `add(path, record)` appends the dictionary `record` as a line of JSON (the dictionary as text, such as `{"step": 1}`) to the file `path` (a `Path`), makes folders that are missing, and leaves `record` as it is;
# `read(path)` returns all dictionaries in the file, the first written first, with numbers as numbers; where there is no file it returns `[]`; reading leaves the file as it is.
# Each `path` is a log of its own. The file is UTF-8, a line for each record, each with its line end; nothing is promised for `read` on any other file (one written by hand with blank lines, say).
# Spaces in the JSON are open, and so is whether é is written as it is or by its number, `\u00e9`: compare dictionaries, not text.
#
# It is judged in the same way: all pass on the right one, and each of eight wrong ones is caught; each of them breaks one of the sentences above. Write only to files inside `tmp_path`.
# %% exercise="write_log_tests" difficulty=3 importance=4 minutes=20
def write_log_tests(file: Path) -> None:
    """Writes a test file for `add` and `read` to that path."""
    # solution
    text = """
        import pytest
        from runlog import add, read


        @pytest.fixture
        def path(tmp_path):
            return tmp_path / "runs" / "one.jsonl"  # the folder isn't there yet


        def test_records_come_back_in_order_and_stay(path):
            records = [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]
            for record in records:
                add(path, record)
            assert records == [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]
            assert read(path) == read(path) == records


        def test_without_a_file_there_are_no_records(path):
            assert read(path) == []


        def test_each_path_is_a_log_of_its_own(path):
            add(path, {"step": 1})
            assert read(path.with_name("two.jsonl")) == []
    """
    file.write_text(dedent(text), encoding="utf-8")


if __name__ == "__main__":
    tests.test_write_log_tests(write_log_tests)


# %% [markdown] lang="zh" tags=["hint"]
# 写两次再读，读两次；读一个不存在的；写一个、读另一个。每种情形各用一个新文件夹：哪个夹具给你？
# %% [markdown] lang="en" tags=["hint"]
# Write twice and read, read twice; read one that isn't there; write one and read another. Each wants a fresh folder: which fixture gives it?
# %% [markdown] lang="zh" tags=["hint"]
# `path` 放在 `tmp_path` 的一个还不存在的子文件夹里；记下 `add` 之前的字典，之后再比。
# %% [markdown] lang="en" tags=["hint"]
# Put `path` into a subfolder of `tmp_path` that doesn't exist yet; keep what the dictionary was before `add`, and compare afterwards.
# %% [markdown] lang="zh" tags=["question"] see="write_log_tests"
# 一个测试文件在正确的代码上全部通过，也“覆盖”了每一行代码（每一行都执行过）。它是好的测试吗？怎样才知道？
# %% [markdown] lang="en" tags=["question"] see="write_log_tests"
# A test file passes on the right code, and "covers" each of its lines (each was executed). Is it a good one? How would you know?
# %% [markdown] lang="zh" tags=["answer"]
# 不一定：把所有 `assert` 都删掉，它照样全过、照样全覆盖。
# 唯一的办法是像这里的八个那样：故意弄坏代码，看测试是否变红（叫变异测试，mutation testing）。
# 平时也这样做：写完一个测试，先把代码改错一处，看它失败，再改回来。
# %% [markdown] lang="en" tags=["answer"]
# Not necessarily: delete every `assert`, and it still passes and still covers all.
# The only way is that of the eight above: break the code on purpose, and see whether the tests turn red (this is called mutation testing).
# Do so in daily work, too: after writing a test, break the code in one place, see it fail, then put the code back.
# %% [markdown] lang="zh"
# 现在你会了：让程序停在一行并问它的状态；写出能抓住错误的测试。
# 往下读：pytest 文档的 [“How-to guides”](https://docs.pytest.org/en/stable/how-to/index.html)（英文，pytest 的作者们）：`parametrize` 和夹具的全部用法。读时自问：夹具的 `scope` 放宽到整个文件，会带回哪个毛病？
# %% [markdown] lang="en"
# Now you can stop a program on a line and ask for its state, and write tests that catch bugs.
# Go deeper: pytest's [“How-to guides”](https://docs.pytest.org/en/stable/how-to/index.html) (English, by the authors of pytest) have all of `parametrize` and fixtures. Ask yourself while reading: which trouble returns when the `scope` of a fixture is widened to the whole file?
# %% [markdown] lang="zh"
# ## 4 · 这些还会回来
#
# 断点在 `part1_raytracing` 再找三个错误；自己写测试的练习也在那里。
# 助手写的函数通过了你的测试，算不算数？`part0_workshop` 的最后一节再问。
#
# 合上书，试着说出：为什么“能跑”不说明文件是对的；调用栈的第二行是什么；怎样知道一个测试有没有用。
# 说不出哪一条，就回到哪一节。
# %% [markdown] lang="en"
# ## 4 · Where these pieces come back
#
# Breakpoints find three more bugs in `part1_raytracing`, where you also write a test of your own again.
# Does it count when a function that an assistant wrote passes your tests? The last section of `part0_workshop` asks that.
#
# Without looking up, try to say: why "it runs" doesn't show that a file is right; what the second row of a call stack is; how to know whether a test is any good.
# What you can't say, look up in its section.
