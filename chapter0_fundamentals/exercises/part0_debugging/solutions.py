# %% [markdown] lang="zh" order=8
# # 第 0 天 · 单元格、调试器、测试、图
#
# 写代码的时间，多半不花在写上，而花在弄清它究竟做了什么上。
# 这一课把弄清的办法各用一遍：看一格代码留下了什么，在调试器里找出三个错误，写几个能抓住错误的测试，画两张图，做一个带滑块的网页。
#
# **先修**：`part0_tensors` 的第 1 节（形状、轴）；会写 Python 函数。
# **时间**：约 4 小时；第 3 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint minibatches`，自测用 `coach questions`。
#
# 只评判练习里写明的情形；函数里面的变量名和写法不限，用 NumPy、循环或标准库都行。
# %% [markdown] lang="en" order=8
# # Day 0 · cells, the debugger, tests, figures
#
# Most of a programmer's time goes not into writing code, but into finding out what it really does.
# In this lesson you try each way to find out once: you see what a cell leaves in memory, find three bugs with the debugger, write tests that catch bugs, and make two figures and a web page with a slider.
#
# **You need** section 1 of `part0_tensors` (shapes, axes), and Python functions.
# **Time**: about four hours; after section 3 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint minibatches` helps when you are stuck, `coach questions` asks you the self-check questions.
#
# Only what an exercise describes is judged; inside a function, names and ways of writing are free: NumPy, a loop, the standard library.
# %%
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from jaxtyping import Float, Int
from plotly.subplots import make_subplots

from part0_debugging import keys, sandbox, suspects, tests
from part0_debugging.flats import flats, learned_with_bugs

Batch = tuple[Float[np.ndarray, "size columns"], Float[np.ndarray, " size"]]


# %% [markdown] lang="zh"
# ## 1 · 单元格
# ### 文件里的顺序，内核里的顺序
#
# 从一个 `# %%` 到下一个，叫一个单元格（cell），简称“格”；对 Python 来说，这个记号只是注释。
# 这一课说的编辑器是 VS Code。按 `Shift+Enter`（或点单元格上方的“Run Cell”），这几行就送进*交互式窗口*去运行。
# 窗口背后有一个一直开着的 Python 进程，叫*内核*；变量、导入的模块、函数都存在内核里。
# 所以训练十分钟得到的结果还在，改一行图的标题不必重来。
# 代价也在这里：内核只知道你*运行过*什么、按什么顺序，不知道文件现在长什么样。
# 终端里的 `python answers.py` 是另一个进程：它从空白开始，把文件从头跑到尾，跑完所有变量就没了；它看不见内核里的变量，内核也看不见它的。
# %% [markdown] lang="en"
# ## 1 · Cells
# ### The order in the file, the order in the kernel
#
# From one `# %%` to the next is a **cell**; for Python the mark is just a comment.
# This lesson uses the editor VS Code. `Shift+Enter`, or "Run Cell" above the cell, sends its lines to the *Interactive Window*.
# A Python process stays open there: the *kernel*, which holds your variables, imported modules and functions.
# So what ten minutes of training gave is still there when you only change a title in a plot.
# The price: the kernel knows what you *ran*, and in which order; it doesn't know what the file looks like now.
# `python answers.py` in a terminal is another process: it starts with nothing and runs the file from top to bottom; when it ends, its variables are gone. The two processes can't see each other's variables.
# %%
if __name__ == "__main__":
    runs = 0
# %%
if __name__ == "__main__":
    runs += 1
    print("this cell has run", runs, "time(s)")


# %% [markdown] lang="zh" tags=["question"] see="standardise"
# 先运行上面第一格，把第二格连着运行三次，再把第一格、第二格各运行一次：第二格依次打印什么？
# 然后把第一格的两行删掉（不重启内核）再运行第二格：会报错吗？明天重开这个文件呢？
# %% [markdown] lang="en" tags=["question"] see="standardise"
# Run the first cell above, then the second three times, then the first and the second once each: what does the second print each time?
# Then delete the two lines of the first cell (without restarting the kernel), and run the second: is it an error? And when you open the file tomorrow?
# %% [markdown] lang="zh" tags=["answer"]
# 1、2、3，然后 1。删掉之后打印 2：内核里的 `runs` 还在，文件却已经不能从头运行；明天就是 `NameError`。
# 只有“重启内核，再全部运行”才说明文件是对的：命令面板里的“Jupyter: Restart Kernel”和“Jupyter: Run All Cells”。
# %% [markdown] lang="en" tags=["answer"]
# 1, 2, 3, then 1. After the deletion it prints 2: `runs` is still in the kernel, although the file can no longer run from its top; tomorrow it is a `NameError`.
# Only "restart the kernel, then run everything" shows that a file is right: "Jupyter: Restart Kernel" and "Jupyter: Run All Cells" in the command palette.
# %% [markdown] lang="zh"
# ### 内核是一个字典
#
# 在下面这些事里，不妨把内核看成一个字典：名字是键；运行一格，就是拿着这个字典执行那几行。
# 下一格自己造了一个这样的内核，把几段文字按给定的顺序执行一遍；重启内核，就是换一个空字典（读进来的模块也一起没了）。
#
# 文件与字典对不上，有三种来路：
#
# - 单元格*删了*，它造的名字还在字典里；把 `loss` 改名为 `losses` 再运行也一样：漏改的那一处仍然拿到旧的 `loss`，不报错；
# - 单元格*改了*没有再运行，字典里是旧的值；
# - 单元格*没有按顺序*运行，后面一格改掉了前面一格要用的名字。
#
# 函数也从字典里读：它用到的名字，凡不是参数、也不是在函数里赋值的，每次调用时才去查。
# 所以“现在能跑”不说明文件是对的；*重启内核，再全部运行*，跑得通才说明。
# 重启之后想接着做第 7 格，先点它上方的“Run Above”，再运行它：它要的名字都是上面那些单元格造的。
# %% [markdown] lang="en"
# ### A kernel is a dictionary
#
# For what follows, think of a kernel as a dictionary with names as keys: to run a cell is to execute its lines with that dictionary.
# The next cell makes a kernel of its own, and executes a few texts in the order that it is given; a restart begins with an empty dictionary (and loaded modules are forgotten, too).
#
# There are three ways in which the file and the dictionary come apart:
#
# - a cell was *deleted*, and the names that it made are still in the dictionary; the same where you renamed `loss` to `losses` and ran the cell again: a place that you forgot still finds the old `loss`, and there is no error;
# - a cell was *changed* and not run again, and the dictionary has the old value;
# - cells ran *out of order*, and a later one changed a name that an earlier one uses.
#
# Functions read from it, too: a name that a function uses, but neither takes as an argument nor assigns itself, is looked up anew at each call.
# So "it runs" doesn't show that the file is right; that it runs after *restart the kernel, then run all cells* does.
# To go on with cell 7 after a restart, first click "Run Above" over it: this makes the names that it needs. Then run cell 7.
# %%
def names_after(cells: Sequence[str], order: Sequence[int]) -> dict[str, object]:
    """What a fresh kernel knows after running these cells, by number, in that order."""
    kernel: dict[str, object] = {}
    for number in order:
        exec(cells[number - 1], kernel)
    return {name: value for name, value in kernel.items() if not name.startswith("__")}


if __name__ == "__main__":
    counting = ["runs = 0", "runs += 1"]
    print("1, 2, 2:", names_after(counting, [1, 2, 2]), "  1, 2, 1:", names_after(counting, [1, 2, 1]))


# %% [markdown] lang="zh" tags=["question"] see="standardise"
# 三格：`lr = 0.1`；`def step(w): return w - lr * 2 * w`；`lr = 0.5`。依次运行，然后调用 `step(1.0)`。
# 函数用的是定义它时的 `lr`，还是调用它时的？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="standardise"
# Three cells: `lr = 0.1`; `def step(w): return w - lr * 2 * w`; `lr = 0.5`. Run them in order, then call `step(1.0)`.
# Does the function use the `lr` from when it was defined, or the one from when it is called? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 调用时的：得到 0，不是 0.8。函数体里的 `lr` 每次调用才到字典里去查，所以任何一格改了它，函数就变了，而函数的文字一个字也没动。
# 要让函数的结果只由参数决定，就把 `lr` 写成参数：`def step(w, lr)`。
# %% [markdown] lang="en" tags=["answer"]
# The one from when it is called: the result is 0, not 0.8. The body looks `lr` up in the dictionary at each call, so any cell that changes it changes the function, though not a letter of its text has changed.
# To let only the arguments decide, make `lr` one of them: `def step(w, lr)`.
# %%
if __name__ == "__main__":
    cells = ["lr = 0.1", "def step(w): return w - lr * 2 * w", "lr = 0.5", "w = step(1.0)"]
    print("1, 2, 4:", names_after(cells, [1, 2, 4])["w"], "  1, 2, 3, 4:", names_after(cells, [1, 2, 3, 4])["w"])


# %% [markdown] lang="zh" tags=["question"] see="standardise"
# `utils.py` 里的 `scale` 除以 255。导入之后把文件改成除以 100，再 `import utils` 一次，再 `importlib.reload(utils)`。
# 另外还有一句 `from utils import scale`。`utils.scale(255)` 和 `scale(255)` 每次是多少？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="standardise"
# `scale` in `utils.py` divides by 255. After the import the file is changed to divide by 100; then comes `import utils` again, then `importlib.reload(utils)`.
# There is also a line `from utils import scale`. What are `utils.scale(255)` and `scale(255)` each time? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 再 `import` 一次什么也没变：1 和 1；模块已经在内存里，Python 不再读文件。
# `reload` 之后 `utils.scale` 是 2.55，单独的 `scale` 还是 1：那个名字贴在旧的函数上，没有人去换它。
# 所以改了模块，最稳妥的是重启内核。
# %% [markdown] lang="en" tags=["answer"]
# The second `import` changes nothing, 1 and 1: the module is in memory, and Python doesn't read the file again.
# After `reload`, `utils.scale` gives 2.55, and `scale` by itself still 1: that name is on the old function, and nobody moved it.
# So after a change in a module the safe way is to restart the kernel.
# %%
if __name__ == "__main__":
    changed_module = """
        import importlib
        from pathlib import Path

        Path("utils.py").write_text("def scale(x): return x / 255")
        import utils
        from utils import scale
        Path("utils.py").write_text("def scale(x): return x / 100  # changed")
        import utils
        print("imported again:", utils.scale(255), scale(255))
        importlib.reload(utils)
        print("reloaded:", utils.scale(255), scale(255))
    """
    print(sandbox.python(changed_module))


# %% [markdown] lang="zh"
# 值得记住的几样：
#
# - `F1` 打开命令面板，输入几个字母就能找到任何命令；“Jupyter: Run Cells Above Current Cell”（即“Run Above”）运行上面所有的单元格。
# - 面板里每条命令旁边写着它的快捷键，所以只要记住这一个；`Ctrl+P`（macOS 上是 `⌘P`）按名字里的几个字母打开一个文件。
# - 一格可能运行两次：`losses = losses[1:]` 每运行一次就少一个。结果另起一个名字，`kept = losses[1:]`，或者在同一格里从头造 `losses`，运行几次都一样。
# - 交互式窗口里的“Variables”列出内核里的每个变量；单元格的最后一行若是一个值，会直接显示；图也显示在这个窗口里，可以放大，鼠标停在上面会显示数值。
# - 改了模块（`utils.py`），就重启内核：再 `import` 一次不会重读文件，`importlib.reload(utils)` 也换不掉用 `from utils import …` 拿出来的名字。
# - 一格停不下来，就点“Interrupt”：正在执行的那一行报 `KeyboardInterrupt`，变量都还在。“Restart”才会丢掉一切，所以训练了很久的结果要存进文件。
# - `coach notebook 1` 把你第 1 天的 `answers.py` 写成一个 notebook（`.ipynb`）；评判的始终是 `answers.py`，在那里写的代码要复制回来。
# %% [markdown] lang="en"
# Worth remembering:
#
# - `F1` opens the command palette, where a few letters find any command; "Jupyter: Run Cells Above Current Cell" (the same as "Run Above") runs all cells above.
# - Beside each command the palette shows its key, so this key is the only one to remember; `Ctrl+P` (`⌘P` on macOS) opens a file by a few letters of its name.
# - A cell may run twice: `losses = losses[1:]` drops one more each time. With a new name for the result, `kept = losses[1:]`, or with `losses` made in the same cell, that does no harm.
# - "Variables" in the Interactive Window lists every variable in the kernel; if a cell's last line is a value, it is shown; figures, too, appear in this window, where you can zoom in, and see values under the mouse.
# - After a change in a module (`utils.py`) restart the kernel: a second `import` doesn't read the file again, and `importlib.reload(utils)` doesn't change names taken by `from utils import …`.
# - A cell that doesn't end is stopped by "Interrupt": the current line raises `KeyboardInterrupt`, and all variables stay. "Restart" is what loses them, so save to a file what took long to train.
# - `coach notebook 1` writes your `answers.py` of day 1 as a notebook (`.ipynb`); what is judged is always `answers.py`, so copy back what you wrote there.
# %% [markdown] lang="zh"
# ### 值得记住的键
#
# 下一格按系统列出它们。
# 中文输入法会截走几个：`Ctrl+Space` 开关输入法，`Ctrl+Shift+F` 切换简繁，`Ctrl+.` 切换标点，都到不了编辑器。在输入法的设置里关掉它们，或者给命令另设一个键：按 `F1`，运行“Preferences: Open Keyboard Shortcuts”。
# %% [markdown] lang="en"
# ### Keys worth knowing
#
# The next cell lists them for each system.
# A Chinese input method takes some of these for itself: `Ctrl+Space` switches it on and off, `Ctrl+Shift+F` switches between simplified and traditional, `Ctrl+.` switches punctuation, and the editor never sees them. Turn them off in the settings of the input method, or give the commands other keys: `F1`, "Preferences: Open Keyboard Shortcuts".
# %%
if __name__ == "__main__":
    print(keys.table())


# %% [markdown] lang="zh"
# 类型检查：这个文件夹的 `.vscode/settings.json` 里 `python.analysis.typeCheckingMode` 是 `basic`，所以少了参数、拼错名字，不运行就有红线。
# 设置有两份：你自己的（user），和文件夹的（workspace）；同一项两份里都写了，在这个文件夹里以文件夹的那份为准。项目需要的写进文件夹的那份，它随项目到每个人手里；个人喜好（颜色、字号）写进自己的那份。
# `F2` 给一个符号改名：所有文件里*这个*名字的每一处都改；查找替换却只认字母（默认不分大小写），字符串里的、别的函数里的同名变量也一起改掉。
# `F12` 去的是这个名字*在这里*所指的那一个定义：顺着 `import` 找，库里的也找得到，十个类都有 `forward` 也不会弄错；按文字搜索给出的是写着这几个字母的每一处，调用、注释、同名的都在内。
# %% [markdown] lang="en"
# Type checking: in this folder's `.vscode/settings.json` `python.analysis.typeCheckingMode` is `basic`, so a missing argument or a misspelt name is underlined before anything runs.
# There are user settings (yours) and workspace settings (this folder's). Where they differ, the folder's win in this folder. What the project needs goes into the folder's settings, which everybody gets with it; your own taste (colours, say) into yours.
# `F2` renames a symbol: every use of *this* name, in all files; find and replace sees only letters (and by default ignores capitals), and changes strings and other functions' variables as well.
# `F12` goes to the one definition that a name has *here*: it follows each `import`, even into libraries, and isn't confused by ten classes that all have a `forward`; a search for the text gives every place with these letters, be it a call, a comment or another thing of that name.
# %%
if __name__ == "__main__":
    mine = "loss = model(x)\nloss_fn = torch.nn.MSELoss()\nprint('the loss is', loss)"
    replaced = mine.replace("loss", "error")  # F2 on the first name changes two places
    print(replaced, f"\nfind and replace, with Match Case on, changed {mine.count('loss')} places")


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


# %% [markdown] lang="zh"
# ### 先读报错
#
# 有报错的时候，先读它，再开调试器。
# 从*最后一行*读起：它说是什么错。往上每两三行是一次调用，最上面的最早，越往下越里面。
# 最下面几层常在库里，库多半没有错；往上找到第一个属于*你的*文件的一层，看那一行传进去了什么。
# 不过，发现错的地方不一定是犯错的地方：错的值可能早就算出来了，一路传到这里才报错。
# %% [markdown] lang="en"
# ### Read the error first
#
# Where there is an error message, read it before you start a debugger.
# Begin with the *last line*, which says what the error is. Above it, each group of two or three lines is one call; the top one came first, and each one below was made by the one above it.
# The last of them are often in a library, which is mostly not at fault; go up to the first that is in a file of *yours*, and look at what that line passes on.
# But where an error is noticed need not be where it was made: a wrong value may have been computed long before, and passed on until it raised an error here.
# %% [markdown] lang="zh" tags=["question"] see="standardise"
# 下一格里，`sandbox.python` 把这段文字当作一个脚本，在另一个进程里运行。它把两次运行的损失叠成一张表，报了错。先只看它的代码：报错的最后一层在哪个文件？该改的是哪一行的什么？
# %% [markdown] lang="en" tags=["question"] see="standardise"
# In the next cell `sandbox.python` runs that text as a script, in another process. It stacks the losses of two runs into a table, and fails. Look at its code only: in which file is the last call of the message? And what must be fixed, on which line?
# %% [markdown] lang="zh" tags=["answer"]
# 最后一层在 NumPy 的 `shape_base.py` 里，说各个数组的形状不同；往上第一个你的是第 4 行的 `np.stack(rows)`。
# 这一行也没有错：第二次运行只有一个损失，错在第 9 行交出来的数据里，或者在产生这份数据的地方。
# %% [markdown] lang="en" tags=["answer"]
# The last is in NumPy's `shape_base.py`, and says that the arrays differ in shape; the first of yours above it is line 4, `np.stack(rows)`.
# That line isn't wrong either: the second run has only one loss, so the error is in the data that line 9 hands over, or wherever they were made.
# %%
if __name__ == "__main__":
    stacked = """
        import numpy as np

        def table(rows):
            return np.stack(rows)

        def report(runs):
            return table([run["losses"] for run in runs]).mean(axis=0)

        print(report([{"losses": [0.9, 0.5]}, {"losses": [0.8]}]))
    """
    print(sandbox.python(stacked))


# %% [markdown] lang="zh"
# ### 断点、调用栈、监视
#
# 断点（breakpoint）是“在执行这一行*之前*停下”的记号：点行号左边，或按 `F9`。
# 然后按 `F5`，选“This script”（当前脚本）；或者选“Check the exercise at the cursor”（检查光标处的练习），它只跑光标处那道练习的测试。
# 程序停下之后，左边有三块：
#
# - *变量*：这个函数里每个名字的值和类型；点开数组能看到 `shape`。
# - 调用栈（call stack）：最上面一行是这里，下一行是谁调用了它，再下一行……（与报错里的顺序相反）。每一行是一个栈帧（frame）：一次调用，带着它自己的变量。点哪一行，看到的变量就换成那一帧的。
# - 监视（watch）：写一个表达式，每停一次重新算一次，例如 `mean.shape`；它也用选中的那一帧里的名字。
#
# 停着的时候，下面的*调试控制台*（Debug Console）可以算任何表达式，用的是选中的那一帧里的名字；能调用函数，甚至能给变量赋值，但那样你调试的就是另一个程序了。
# 继续走：`F10` 走完这一行（不进被调用的函数），`F11` 走进去，`Shift+F11` 走出来，`F5` 跑到下一个断点。
# 被调用的函数信得过，就 `F10`；怀疑它，就 `F11`；在里面看够了，就 `Shift+F11`。
# %% [markdown] lang="en"
# ### Breakpoints, the call stack, watches
#
# A **breakpoint** is a mark that says "stop *before* this line is executed": click to the left of the line's number, or press `F9`.
# Then press `F5` and choose "This script"; or "Check the exercise at the cursor", which runs only the tests of the exercise where the cursor is.
# When the program has stopped, look at three views on the left:
#
# - *Variables*: value and type of every name in this function; open an array to see its `shape`.
# - The **call stack**: its first row is here, the next is who called it, and so on (in an error message the order is the opposite). Each row is a **frame**: one call, with variables of its own. Click a row, and you see the variables of that frame.
# - A **watch** is an expression that is computed anew at each stop, `mean.shape` for example; it, too, takes names from the chosen frame.
#
# While it is stopped, the *Debug Console* below evaluates any expression with the names of the chosen frame; it can call functions and even assign to variables, but then you debug another program.
# To go on: `F10` finishes this line (without entering the functions that it calls), `F11` goes in, `Shift+F11` goes out, `F5` runs to the next breakpoint.
# Take `F10` where you trust the function that is called, `F11` where you suspect it, and `Shift+F11` when you have seen enough of it.
# %% [markdown] lang="zh" numbers="20 1 43"
# ### 几种断点，和停不下来的时候
#
# 循环只在第 4731 轮出错，没有人想按 4731 次 `F5`。右键点断点（或行号左边），就能选别的种类：
#
# | 种类 | 怎样设 | 什么时候停 |
# |---|---|---|
# | 条件断点（conditional breakpoint） | “Edit Breakpoint…”，写 `i == 4731` | 条件为真时 |
# | 计数 | “Edit Breakpoint…”，选“Hit Count”，写 `100` | 第 100 次走到时 |
# | 日志点 | “Add Logpoint…”，写 `loss is {loss}` | 从不停：在调试控制台打印这句话，花括号换成当时的值 |
# | 报错 | “断点”一栏里的“Uncaught Exceptions”、“Raised Exceptions” | 前者：遇到没有人接的错误；后者：连有 `except` 接住的也停 |
#
# 停在某个库的深处，就在调用栈里往下找第一个属于你的文件的一行：多半是这一行传进去的值不对。
# 单元格上方的“Debug Cell”在*内核*里停，别的单元格造的变量都在；`F5` 则另开一个进程，从空白开始。
# 调试器默认只停在你自己的代码里，`F11` 遇到库里的函数就整个走过去；想进库里看，打开 `.vscode/launch.json`（`F5` 列出的几种启动方式都写在里面），在你选的那一种里加一行 `"justMyCode": false`。
# 程序始终不在断点处停下？多半是这一行没有执行到，条件从来不为真，跑的是另一个文件（或另一份副本），或者启动时没有带调试器（按了 `Shift+Enter` 而不是 `F5`）。
#
# 试一次：在 `standardise` 的 `return` 那一行设断点，`F5`。监视 `mean.shape`，得到 `(20, 1)`，一套公寓一个均值；应当是 `(1, 2)`，一列一个。
# 再看 `mean[0]`：43，是 84 平方米和 2 年的“平均”，毫无意义。
# %% [markdown] lang="en" numbers="20 1 43"
# ### Kinds of breakpoint, and when none stops
#
# If a loop goes wrong in round 4731 only, nobody wants to press `F5` 4731 times. Right-click the breakpoint, or left of the line's number, for the other kinds:
#
# | kind | how | when it stops |
# |---|---|---|
# | **conditional breakpoint** | "Edit Breakpoint…", type `i == 4731` | where the condition is true |
# | hit count | "Edit Breakpoint…", choose "Hit Count", type `100` | when the line is reached for the 100th time |
# | logpoint | "Add Logpoint…", type `loss is {loss}` | never: the Debug Console shows the text, with the value in place of the braces |
# | exceptions | "Uncaught Exceptions" and "Raised Exceptions" in the view Breakpoints | the first: at errors that nobody catches; the second: also at those that some `except` catches |
#
# If the debugger stops deep inside a library, go down the call stack to the first row that is in a file of yours: most often that line passed on a wrong value.
# "Debug Cell" above a cell stops in the *kernel*, where the variables of all other cells are; `F5` starts another process, which begins with nothing.
# By default the debugger stops only in code of your own, and `F11` runs a library's function as a whole; to go into libraries, open `.vscode/launch.json` (it holds the choices that `F5` offers), and add `"justMyCode": false` to the one that you start.
# If the program never stops at a breakpoint: the line isn't executed; its condition is never true; another file (or another copy) is running; or you started it without the debugger (with `Shift+Enter` instead of `F5`).
#
# Try it: a breakpoint on the line of `return` in `standardise`, then `F5`. Watch `mean.shape`: it is `(20, 1)`, a mean for each flat; it should be `(1, 2)`, one for each column.
# Then `mean[0]`: it is 43, the "average" of 84 square metres and 2 years, which means nothing.
# %%
if __name__ == "__main__":
    print("mean over axis 1:", areas_ages.mean(axis=1, keepdims=True).shape, areas_ages.mean(axis=1)[0])
    print("mean over axis 0:", areas_ages.mean(axis=0, keepdims=True).shape, areas_ages.mean(axis=0).tolist())


# %% [markdown] lang="zh"
# ### 没有编辑器的地方：pdb
#
# 租来的机器上可能只有一个终端。Python 自带的调试器 `pdb` 在那里做同样的事，只是键换成了字母：
#
# | 编辑器 | pdb | 做什么 |
# |---|---|---|
# | `F9` | `b 8` | 在第 8 行设断点；`b 4, i == 2` 是条件断点 |
# | `F5` | `c` | 跑到下一个断点 |
# | `F10` | `n` | 走完这一行 |
# | `F11` | `s` | 走进被调用的函数 |
# | `Shift+F11` | `r` | 把这个函数跑完：`r` 停在它的 `return` 上，编辑器则已经回到调用者 |
# | 监视 | `p EXPR` | 算一个表达式 |
# | 调用栈 | `w`、`u`、`d` | 列出来；往调用者走一层；往回走一层 |
#
# 在终端里写 `python -m pdb script.py`（`-m`：运行一个模块），或者在代码里写一行 `breakpoint()`，运行到那里就停（编辑器也认它；用完删掉）。`q` 退出。
# 下一格就是这样跑的：每个 `(Pdb)` 后面是敲进去的，下面是它的回答；`>` 后面是停在哪里（文件、行号、函数），`->` 后面是那一行的代码，一般*还没有*执行。
# %% [markdown] lang="en"
# ### Where there is no editor: pdb
#
# On a rented machine there may be only a terminal. There Python's own debugger, `pdb`, does the same, with letters for keys:
#
# | editor | pdb | what it does |
# |---|---|---|
# | `F9` | `b 8` | a breakpoint on line 8; `b 4, i == 2` is a conditional one |
# | `F5` | `c` | run to the next breakpoint |
# | `F10` | `n` | finish this line |
# | `F11` | `s` | go into the function that is called |
# | `Shift+F11` | `r` | finish this function: `r` stops on its `return`, the editor stops back in the caller |
# | watch | `p EXPR` | compute an expression |
# | call stack | `w`, `u`, `d` | list it; go up to the caller; go back down |
#
# Type `python -m pdb script.py` in a terminal (`-m`: run a module), or put a line `breakpoint()` into the code, and the run stops there (the editor obeys it, too; take it out afterwards). `q` ends it.
# The next cell was run in this way: after each `(Pdb)` you see what was typed, and below it the answer; `>` says where it stopped (file, line, function), and `->` shows the code of that line, as a rule *not yet* executed.
# %% [markdown] lang="zh" tags=["question"] see="minibatches"
# 下一格的脚本（第 1 行是 `def total(values)`）停在第 8 行 `s = total(values)`。从这里按 `n`、按 `s`，各停在哪一行？进去以后按 `r` 呢？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="minibatches"
# In the script of the next cell, whose line 1 is `def total(values)`, you stand on line 8, `s = total(values)`. Where do you stop after `n`, and where after `s`? And after an `r` from inside? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# `n` 停在第 9 行：`total` 已经整个跑完，`s` 是 12。
# `s` 停在 `total` 的开头，第 1 行；再走就是它的第一行代码。`r` 把它剩下的跑完，停在它的 `return` 上，顺便告诉你它返回 12；再走一步就回到调用者。
# 三个都执行了同样的代码，只是停的地方不同。
# %% [markdown] lang="en" tags=["answer"]
# After `n` on line 9: `total` has run as a whole, and `s` is 12.
# After `s` at the beginning of `total`, line 1, and its first line of code comes next. `r` runs the rest of it, stops at its `return`, and tells you that it returns 12; one more step, and you are back with the caller.
# All three execute the same code; they differ in where you stop.
# %%
MEAN = """
    def total(values):
        result = 0
        for i in range(len(values)):
            result += values[i]
        return result

    def mean(values):
        s = total(values)
        return s / len(values)

    print("mean", mean([2, 4, 6]))
"""

if __name__ == "__main__":
    print("step over\n" + sandbox.pdb(MEAN, ["b 8", "c", "n", "p s"]))
    print("\nstep into, step out\n" + sandbox.pdb(MEAN, ["b 8", "c", "s", "n", "r", "n"]))
    print("\nconditional; the caller\n" + sandbox.pdb(MEAN, ["b 4, i == 2", "c", "p i, result", "w", "u", "p values"]))


# %% [markdown] lang="zh" tags=["question"] see="train"
# 下一格里你停在 `y = f(g(2))`：一行，两次调用。按 `s`，进的是哪一个？在里面按 `r`，再按 `s`，又在哪里？先猜，再运行。
# %% [markdown] lang="en" tags=["question"] see="train"
# In the next cell you stand on `y = f(g(2))`, one line with two calls. Which of them does `s` go into? After an `r` inside it and one more `s`, where are you? Guess, then run it.
# %% [markdown] lang="zh" tags=["answer"]
# 先进 `g`：参数没有算出来，`f` 就没有东西可用。`r` 停在 `g` 的 `return` 上，它返回 3；再一个 `s` 就进了 `f`，`x` 是 3。
# 从左往右读的人会猜先进 `f`。
# %% [markdown] lang="en" tags=["answer"]
# Into `g`: without its argument `f` has nothing to work on. `r` stops on the `return` of `g`, which returns 3; one more `s` enters `f`, where `x` is 3.
# Whoever reads from left to right guesses `f`.
# %%
NESTED = """
    def g(x):
        return x + 1

    def f(x):
        return 10 * x

    y = f(g(2))
    print(y)
"""

if __name__ == "__main__":
    print(sandbox.pdb(NESTED, ["b 7", "c", "s", "r", "s", "p x", "r"]))


# %% [markdown] lang="zh"
# 一行里有几次调用，就按 Python 算它们的先后来：里面的参数先算，外面的函数后调用。
# 编辑器里，停在 `y = f(g(2))` 上：
#
# - `F10` 把两次调用都做完，停在下一行；
# - `F11` 走进 `g`；在那里按 `Shift+F11`，又回到*这一行*：`g` 的结果有了，`f` 还没有调用，`y` 也还没有；
# - 这时再按一次 `F11`，就走进 `f`。
# %% [markdown] lang="en"
# Several calls on one line come in the order in which Python makes them: arguments first, then the function around them.
# In the editor, standing on `y = f(g(2))`:
#
# - `F10` makes both calls, and stops on the next line;
# - `F11` goes into `g`; `Shift+F11` there brings you back to *this line*: `g` has its result, `f` isn't called yet, and there is no `y`;
# - one more `F11`, and you are in `f`.
# %% [markdown] lang="zh" tags=["question"] see="train"
# `countdown(3)` 一层层调用自己；断点让它停在 `return 0` 那一行，这时 `n` 是 0。调用栈里有几帧叫 `countdown`？往调用者走一层，`n` 是几？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="train"
# `countdown(3)` calls itself again and again; a breakpoint stops it on the line `return 0`, where `n` is 0. How many frames with the name `countdown` are there then? Go one frame up: what is `n` there? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 四帧，`n` 依次是 0、1、2、3：同一个函数，四次还没有返回的调用，各有各的 `n`。往上走一层是 1。
# 以为函数只有一个 `n` 的人会猜一帧。
# %% [markdown] lang="en" tags=["answer"]
# Four, in which `n` is 0, 1, 2 and 3: one function, four calls that haven't returned yet, each with an `n` of its own. One step up it is 1.
# Whoever thinks that a function has one `n` guesses one frame.
# %%
if __name__ == "__main__":
    countdown = """
        def countdown(n):
            if n == 0:
                return 0
            return 1 + countdown(n - 1)

        print(countdown(3))
    """
    print(sandbox.pdb(countdown, ["b 3", "c", "w", "p n", "u", "p n", "u", "p n"]))


# %% [markdown] lang="zh"
# 还有一种停法：程序已经*崩了*，再去看它出错那一刻的样子，叫事后调试（post mortem）。
# 用 `python -m pdb script.py` 启动，敲 `c` 让它跑：遇到没有人接的错误，它就停在出错的那一行，每一层的变量都还在；交互式窗口里，报错之后运行 `%debug` 也行。
# 所以跑了一夜才出的错，不必为了设断点再跑一夜。
# 下一格里，错在哪一次运行？报错只说“除以零”；往调用者走一层，`name` 就告诉你。
# %% [markdown] lang="en"
# There is one more way to stop: the program has *crashed* already, and you look at it as it was when it died; this is called **post mortem**.
# Start `python -m pdb script.py` and type `c`. If an error comes that nobody catches, pdb stops on the line that raised it, and the variables of every call are still there. In the Interactive Window, run `%debug` after the error.
# So an error that came after a night of running doesn't need another night with a breakpoint.
# In the next cell, which run is at fault? The message only says "division by zero"; one step up to the caller, and `name` tells.
# %%
if __name__ == "__main__":
    crash = """
        def ratio(losses):
            return losses[-1] / losses[0]

        def report(runs):
            ratios = {}
            for name, losses in runs.items():
                ratios[name] = ratio(losses)
            return ratios

        report({"a": [0.8, 0.4], "b": [0.0, 0.1]})
    """
    print(sandbox.pdb(crash, ["c", "p losses", "u", "p name", "p ratios"]))


# %% [markdown] lang="zh"
# ### 损失变成了 nan
#
# 在 NumPy 和 PyTorch 里，数大得存不下，就成了无穷大 `inf`；无穷减无穷、0 除以 0，得到 `nan`（不是一个数）。程序不会因此停下，用 `nan` 算出来的几乎总是 `nan`。纯 Python 里，除以 0 却会报错（见下一格）。
# 所以损失显示 `nan` 的时候，出事的地方往往早已过去。要找两样：
#
# - 从哪一步开始：条件断点写 `math.isnan(loss)`（NumPy 的数用 `np.isnan`），第一次停下的就是那一步；比如是第 2100 步，就重新启动，把条件换成 `step >= 2095`，从那里一行行走。
# - *先*坏的是什么：停下以后监视这一批的输入、预测、损失，参数和梯度里绝对值最大的一个（`np.abs(w).max()`），还有送进对数、指数、除法的值。
#   谁最早成了 `inf`、`nan` 或 0，谁就离原因最近；若是更早的一步就坏了，就换一个条件，如 `math.isinf(loss)`，再跑一次。
# %% [markdown] lang="en"
# ### The loss has become nan
#
# In NumPy and PyTorch a number that is too large becomes `inf` (infinity); infinity minus infinity, or 0 divided by 0, gives `nan` (not a number). Neither stops the program, and almost everything computed from a `nan` is `nan` again. In plain Python, though, division by 0 raises an error (see the next cell).
# So when a loss shows `nan`, the trouble is often long past. Two things are to be found:
#
# - The step where it began: set a breakpoint with the condition `math.isnan(loss)` (`np.isnan` for NumPy's numbers); it first stops at that step. If that is step 2100, say, start again with the condition `step >= 2095`, and go on line by line from there.
# - What went wrong *first*: watch this batch's inputs, the predictions, the loss, the largest weight and gradient in size (`np.abs(w).max()`), and what goes into a logarithm, an exponential or a division.
#   The value that was the first to become `inf`, `nan` or 0 is closest to the cause. If that was in an earlier step, run again with another condition, such as `math.isinf(loss)`.
# %%
if __name__ == "__main__":
    with np.errstate(all="ignore"):  # without this NumPy prints a warning, and goes on as well
        huge = np.float64(1e200) ** 2
        print("NumPy:", huge, huge - huge, np.float64(0) / 0)
    for text in ("1e200 * 1e200", "1e200 ** 2", "0.0 / 0.0"):  # in plain Python
        try:
            print(text, "is", eval(text))
        except ArithmeticError as error:
            print(text, "raises", type(error).__name__)


# %% [markdown] lang="zh" tags=["question"] see="train"
# 下一格是步子太大的梯度下降：损失是 $w^2$，每一步 `w` 乘以 -1.4。损失成为 `nan` 的那一步，`w` 是什么？损失是在这一步才坏的吗？先猜，再运行。
# %% [markdown] lang="en" tags=["question"] see="train"
# In the next cell gradient descent takes steps that are too large: the loss is $w^2$, and each step multiplies `w` by -1.4. Where the loss becomes `nan`, what is `w`? Was it this step that spoilt the loss? Guess, then run it.
# %% [markdown] lang="zh" numbers="1055 2109" tags=["answer"]
# `w` 那时也是 `nan`：上一步里它是无穷大，减去的也是无穷大。可是损失早在第 1055 步就成了 `inf`，`nan` 在第 2109 步才来，晚了一千多步。
# 第 1055 步的 `w` 还是个有限的数，只是大得离谱，而且每步都变大：这才指向原因，学习率太大。
# %% [markdown] lang="en" numbers="1055 2109" tags=["answer"]
# `w` is `nan`, too: one step earlier it was infinite, and an infinite number was taken from it. But the loss has been `inf` since step 1055, and `nan` comes at step 2109 only, a thousand steps later.
# At step 1055 `w` is still finite, but huge, and grows with each step: that points to the cause, a learning rate that is too large.
# %%
DIVERGES = """
    import math

    w, lr = 1.0, 1.2
    for step in range(5000):
        loss = w * w
        gradient = 2 * w
        w = w - lr * gradient
"""

if __name__ == "__main__":
    for condition in ("math.isnan(loss)", "math.isinf(loss)"):
        print(sandbox.pdb(DIVERGES, [f"b 6, {condition}", "c", "p step, loss, w"]), end="\n\n")


# %% [markdown] lang="zh"
# ### 练习 · 第一个错误：轴 · 10 分钟
#
# `standardise` 应当让*每一列*的均值为 0、标准差为 1（总体标准差：除以行数，像 `x.std` 默认的那样）：列 `[1, 3]` 变成 `[-1, 1]`。
# 行数不限（至少两行），没有一列是常数；传进来的数组不许改动；结果也是 NumPy 数组，元素类型（dtype）与它相同。把下面的代码改对。
# %% [markdown] lang="en"
# ### Exercise · the first bug: an axis · 10 min
#
# `standardise` should give *each column* mean 0 and standard deviation 1 (dividing by the number of rows, as `x.std` does by default): the column `[1, 3]` becomes `[-1, 1]`.
# There are two rows or more, and no column is constant; the array that comes in must stay as it is, and the result is a NumPy array with the same dtype. Fix the code below.
# %% exercise="standardise" kind="debug" difficulty=1 importance=4 minutes=10
def standardise(x: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns"]:
    """Each column with mean 0 and standard deviation 1."""
    mean = x.mean(axis=1, keepdims=True)
    std = x.std(axis=1, keepdims=True)
    return (x - mean) / std


# solution
def standardise_fixed(x: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns"]:
    """Each column with mean 0 and standard deviation 1."""
    mean = x.mean(axis=0, keepdims=True)  # axis 0, the rows, is what vanishes
    std = x.std(axis=0, keepdims=True)
    return (x - mean) / std


standardise = standardise_fixed  # noqa: F811

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
# 20 行、`size` 为 8，应当从 0、8、16 开始，得到 8、8、4 行。`size` 至少是 1，可以比行数大；一行也没有时，一批也不返回。
# 断点设在 `return` 一行，监视 `list(starts)`：它是 `[0, 8]`。从第 16 行起的四套公寓，训练永远见不到，而且没有任何报错。
# %% [markdown] lang="en" numbers="0 8 16"
# ### Exercise · the second bug: the last batch · 10 min
#
# `minibatches` cuts `x` and `y` into batches of `size` rows, in order; the last may be smaller, and no row may be lost.
# With 20 rows and `size` 8 they should start at 0, 8 and 16, and have 8, 8 and 4 rows. `size` is at least 1, and may be larger than the number of rows. If there are no rows, return no batches.
# Set a breakpoint on the line of `return` and watch `list(starts)`: it is `[0, 8]`. The four flats from row 16 on are never seen in training, and nothing complains.
# %% exercise="minibatches" kind="debug" difficulty=1 importance=4 minutes=10
def minibatches(x: Float[np.ndarray, "rows columns"], y: Float[np.ndarray, " rows"], size: int) -> list[Batch]:
    """The rows in order, `size` at a time; the last batch may be smaller."""
    starts = range(0, len(x) - size, size)
    return [(x[i : i + size], y[i : i + size]) for i in starts]


# solution
def minibatches_fixed(x: Float[np.ndarray, "rows columns"], y: Float[np.ndarray, " rows"], size: int) -> list[Batch]:
    """The rows in order, `size` at a time; the last batch may be smaller."""
    starts = range(0, len(x), size)  # a slice that reaches over the end is cut there
    return [(x[i : i + size], y[i : i + size]) for i in starts]


minibatches = minibatches_fixed  # noqa: F811

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
# For each batch it first computes the error `x @ w + b - y` with *the current* `w` and `b`, then subtracts `lr` times the gradients, which are `x.T @ error / len(x)` and `error.mean()`.
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
def train_fixed(batches: Sequence[Batch], lr: float, epochs: int) -> tuple[Float[np.ndarray, " columns"], float]:
    """The weights and the bias after so many epochs of gradient descent, a step for each batch."""
    w, b = np.zeros(batches[0][0].shape[1]), 0.0
    for _ in range(epochs):
        for x, y in batches:
            error = x @ w + b - y  # by the current w and b
            w = w - lr * x.T @ error / len(x)
            b = b - lr * float(error.mean())
    return w, b


train = train_fixed  # noqa: F811

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
# Guess, then run the next cell: with only the first bug fixed, the mean error falls from 174.2 to what? And with the other two fixed as well?
# %% [markdown] lang="zh" numbers="22 24.1" tags=["answer"]
# 降到 22 左右；三个都改好以后是 24.1，反而*略高*。
# 平均误差看不出第二、第三个错误：少见四套公寓、误差略微过时，结果都还“差不多”。换一份数据、换一个学习率，它们就可能毁掉一切。
# 所以“损失在下降”不证明代码是对的；这要靠测试，下一节就写。
# %% [markdown] lang="en" numbers="22 24.1" tags=["answer"]
# To about 22; with all three fixed it is 24.1, even *a little more*.
# The mean error doesn't show the last two bugs: with four flats unseen and errors slightly out of date the result is still "about right". With other data, or another learning rate, they may ruin everything.
# So "the loss goes down" doesn't prove that the code is right; tests do, and they come next.
# %%
if __name__ == "__main__":
    if tests.test_standardise(standardise) and tests.test_minibatches(minibatches) and tests.test_train(train):
        x = standardise(areas_ages)
        w, b = train(minibatches(x, rents, 8), lr=0.1, epochs=50)
        one_fixed = learned_with_bugs(areas_ages, rents, axis=0)
        for name, learned in (("first bug fixed", one_fixed), ("all three", x @ w + b)):
            print(f"{name}: wrong by {np.abs(learned - rents).mean():.1f} on average")


# %% [markdown] lang="zh" numbers="20 7"
# ### 往哪里看
#
# 会停下来，还要知道停在哪里。三条办法：
#
# - *对半分*。一串步骤的开头是对的，结尾是错的：看中间那一步的值。值对，错就在后一半；值不对，错就在前一半。一百步至多看 7 次，不必从头走到尾。
# - *弄小，弄成每次一样*。固定随机种子，用三行数据、一批、一轮；能在两秒里重演的错，才好找。
# - *一次只改一处*，改完就看；两处一起改，好了也不知道是哪一处的功劳。
#
# 用 PyTorch 训练（见 `part0_tensors`），程序不报错，损失却不降：断点设在训练循环里，依次看四样。
#
# 1. 梯度：是 `None`，还是全 0？（计算图断了，或者 ReLU 的结果全是 0，斜率也就是 0。）
# 2. 清零：每步之前把梯度清零了吗？不清，每步的梯度都加在以前的上面。
# 3. 参数：走一步之前复制一份，走完比一比，变了吗？（优化器拿到的也许不是这个模型的参数。）
# 4. 损失：每个输入还对着自己的标签吗？预测和标签的形状相同吗？
#
# 形状的错最难看出来，下一格就是：预测是 `(20, 1)`，标签是 `(20,)`，相减不报错，得到的却是 `(20, 20)`，每个预测减了每个标签。
# %% [markdown] lang="en" numbers="20 7"
# ### Where to look
#
# To stop is one thing, to know where is another. Three ways:
#
# - *Halve it.* In a chain of steps the beginning is right and the end is wrong: look at the value in the middle. If it is right, the bug is in the second half, if not, in the first. For a hundred steps that takes 7 looks at most, instead of a walk from one end to the other.
# - *Make it small, and the same each time.* Fix the seed of the random numbers, take three rows, one batch, one epoch; a bug that can be repeated in two seconds is easy to find.
# - *Change one thing at a time*, and look; after two changes at once you don't know which of them helped.
#
# If training in PyTorch (see `part0_tensors`) raises no error and the loss doesn't fall, set a breakpoint in its loop, and look at four things in turn.
#
# 1. The gradients: are they `None`, or all 0? (The graph is cut, or every ReLU gives 0, and so has slope 0.)
# 2. Are the gradients set to zero before each step? If not, each is added to the earlier ones.
# 3. The parameters: copy them before a step, and compare afterwards; do they change? (The optimiser may hold those of another model.)
# 4. The loss: does each input still have its own label, and do predictions and labels have the same shape?
#
# A wrong shape is hardest to see; the next cell shows it. Predictions of shape `(20, 1)` minus labels of shape `(20,)` raise no error, and yet the result has shape `(20, 20)`: each prediction minus each label.
# %%
if __name__ == "__main__":
    predictions = rents[:, None] + 1.0  # each wrong by 1
    print("shapes:", (predictions - rents).shape, "instead of", (predictions[:, 0] - rents).shape)
    print("mean squares:", ((predictions - rents) ** 2).mean().round(), ((predictions[:, 0] - rents) ** 2).mean())
    first_wrong, low, high, looks = 64, 0, 100, 0  # step 64 of 100 spoils the value: right before, wrong from there on
    while high - low > 1:
        middle, looks = (low + high) // 2, looks + 1
        low, high = (low, middle) if middle >= first_wrong else (middle, high)
    print("found step", high, "after", looks, "looks")


# %% [markdown] lang="zh"
# ## 3 · 测试
# ### 一个测试是一条论据
#
# “损失在下降”不证明代码是对的：上面第二、第三个错误，从公寓的平均误差上几乎看不出来。
# 测试（test）是一段会失败的代码：它说“这个函数在这个输入上应当给出这个结果”，不对就报错。
# pytest 的规矩只有几条：
#
# - pytest 自己找测试（discovery），不用登记：文件叫 `test_….py` 或 `…_test.py`；运行其中名字以 `test` 开头的函数（我们都写成 `test_…`），和类 `Test…`（没有 `__init__`）里这样叫的方法。
#   文件名、函数名不合的，它一声不响地跳过；没有被找到的测试不会失败，所以总要看一眼最后的个数对不对。
# - 里面用普通的 `assert`：`assert x` 在 x 为假时报错；失败时 pytest 会把两边的值都打印出来。
# - 浮点数不用 `==` 比：`0.1 + 0.2 == 0.3` 是 False。0.1 在二进制里是无限小数，就像三分之一在十进制里，浮点数只存得下离它最近的一个数。0.2 和 0.3 也是；两个舍入过的数相加，再舍入，不一定落在舍入过的 0.3 上。
#   写 `assert got == pytest.approx(0.3)`，它允许一点误差：*预期值*的百万分之一以内都算对；列表也行。
#   `approx` 不看种类：要的是列表，来的是数相同的元组，它也放过；说了“返回列表”，就另写一句 `assert isinstance(got, list)`。
# - 这有时太松。预期是十亿，差 999 也算对。差 $10^{-12}$ 总算对，所以预期比这还小的，连 0 也算对。
#   这时自己定：`rel` 是允许的误差占预期值的几分之几，`abs` 是允许的误差本身，两个里较大的算数：`pytest.approx(wanted, rel=1e-9, abs=0)`。只写 `abs`，`rel` 就完全不算了。
# - 应当报错的：`with pytest.raises(ValueError):`，里面不报这种错，测试就失败。
# - 别的错，没有人接住，测试也失败。所以没有 `assert` 的测试也能发现函数会崩溃，却发现不了它算错。
# - 挑例子，是为了让错的写法露馅。数要各不相同、不对称：参数弄混了、漏用了，才看得出来。有界限的，取三个例子：一个正好在界限上，两边各一个。
#   函数可能收到的值有几*种*，就各取一种：正的、负的、0、全部相等的、只有一个的。循环从哪个值开始（如 `result = 0`）也可能写错，要有一个会被它带错的例子。每写一个例子，问一句：哪种错的代码能混过去？
# - 预期值不要用被测的代码去算，也不要抄同一个公式：错就错得一样。
#   手算，写一个慢而明显的循环，或者只查一条性质：排好的再排一次，不变。
# - 说了“不改动输入”的：调用前复制一份（里面还有列表就用 `copy.deepcopy`），调用后比一比。
# %% [markdown] lang="en"
# ## 3 · Tests
# ### A test is an argument for a claim
#
# That the loss goes down doesn't prove that the code is right: the mean error of the flats hardly showed the last two bugs above.
# A **test** is code that can fail: it says "on this input this function should give this result", and raises an error where it doesn't.
# The rules of pytest are few:
#
# - Pytest finds the tests by itself (discovery), and nothing is registered: it looks into files called `test_….py` or `…_test.py`, and runs their functions whose names begin with `test` (we always write `test_…`), and methods named so in classes called `Test…` (without an `__init__`).
#   It silently ignores files and functions with other names. A test that isn't found can't fail, so check that the number of tests at the end is right.
# - Inside stands a plain `assert`: `assert x` is an error where x is false; when it fails, pytest prints the values on both sides.
# - Floats aren't compared with `==`: `0.1 + 0.2 == 0.3` is False. In binary 0.1 never ends, as a third never ends in decimals, so a float keeps the nearest number that fits. So it is with 0.2 and 0.3; and two rounded numbers, added and rounded again, need not meet the rounded 0.3.
#   Write `assert got == pytest.approx(0.3)`, which allows an error of a millionth *of the expected value*; lists work, too.
#   `approx` doesn't look at the type: where a list is expected, a tuple of the same numbers passes; if a list is promised, add `assert isinstance(got, list)`.
# - That can be too loose. If a billion is expected, a result that is 999 too large still passes. A difference of up to $10^{-12}$ always passes, so if the expected value is smaller than that, even 0 passes.
#   Then set the error that is allowed: `rel` as a share of the expected value, `abs` as it is; the larger of the two counts: `pytest.approx(wanted, rel=1e-9, abs=0)`. With `abs` alone there is no `rel` at all.
# - What should be an error: `with pytest.raises(ValueError):`; if no such error comes inside, the test fails.
# - Any other error that nobody catches makes a test fail, too. So a test without `assert` still finds a function that crashes, but not one that returns a wrong result.
# - Choose examples that wrong code fails. Use numbers that differ and aren't symmetric, so that swapped or unused arguments show. Where there is a limit, test a value exactly on it and one on each side.
#   Take each *kind* of value that may come: positive, negative, 0, all equal, a single one. The value that a loop starts from (`result = 0`) may be wrong as well, so take an example whose result it would spoil. Of each example ask: which wrong code gets past it?
# - Expected values don't come from the code under test, or from the same formula: both would be wrong alike.
#   Work them out by hand or by a slow and obvious loop, or check a property: sorting once more changes nothing.
# - An input that must stay as it is: copy it before the call (`copy.deepcopy` if lists are inside), and compare afterwards.
# %%
if __name__ == "__main__":
    total, wanted = 0.1 + 0.2, 0.3
    print(total == wanted, abs(total - wanted) <= 1e-6 * wanted)
    print({text: f"{eval(text):.20f}" for text in ("0.1", "0.2", "0.3", "0.1 + 0.2")})  # more digits than are shown
    for got, wanted in ((1_000_000_999, 1e9), (0, 1e-13)):  # by default both pass
        print(got, "for", wanted, got == pytest.approx(wanted), got == pytest.approx(wanted, rel=1e-9, abs=0))
    got = [500.0001, 1e-10]
    for rel, by in ((None, None), (None, 1e-9), (1e-6, 1e-9)):  # with `abs` alone there is no `rel`
        print(f"{got} for [500, 0], rel={rel}, abs={by}:", got == pytest.approx([500, 0], rel=rel, abs=by))


# %% [markdown] lang="zh" tags=["question"] see="write_running_tests"
# `coldest` 应当返回最低的气温。它从 `result = 0` 开始，遇到更低的就换掉。你的两个例子都来自冬天：`[-3, -5, -1]` 和 `[-2, 4]`。
# 这两个例子抓得住这个错吗？什么样的例子才行？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="write_running_tests"
# `coldest` should return the lowest temperature. It starts with `result = 0`, and takes every value that is lower. Your two examples are of winter days: `[-3, -5, -1]` and `[-2, 4]`.
# Do these examples catch the bug? If not, what kind of example would? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 抓不住：两个例子里最低的都低于 0，从 0 开始没有坏处。全在零上的才抓得住：`[3, 8]` 应当是 3，它给出 0。
# 两个例子看着不同，其实是同一*种*：要换一种，而不是多写几个数。
# %% [markdown] lang="en" tags=["answer"]
# They don't: in both the lowest is below 0, so it does no harm to start there. An example above zero catches it: `[3, 8]` should give 3, and it gives 0.
# Both examples are of one kind: what helps is another *kind*, not more numbers.
# %%
def coldest(values: Sequence[float]) -> float:
    """The lowest of them, with a bug."""
    result = 0.0
    for value in values:
        if value < result:
            result = value
    return result


if __name__ == "__main__":
    for values in ([-3, -5, -1], [-2, 4], [3, 8]):
        print(values, "gives", coldest(values), "and should give", min(values))


# %% [markdown] lang="zh" tags=["question"] see="write_running_tests"
# 有人的标准差除以 n，而不是 n − 1，你想用测试抓住这个错。用 4 个数作例子，还是用一百万个？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="write_running_tests"
# Somebody's standard deviation divides by n instead of n − 1, and your test should catch that. Is an example of 4 numbers better, or one of a million? Guess, then run the next cell.
# %% [markdown] lang="zh" numbers="0.8660" tags=["answer"]
# 4 个。两种写法之比是 $\sqrt{(n-1)/n}$：n 是 4 时为 0.8660，谁都看得出；n 是一百万时只差千万分之五，`approx` 就放过去了。
# 许多错只有 1/n 那么大：例子越小，它们越大，手算也越容易。容忍的误差要比你想抓的错小得多。
# %% [markdown] lang="en" numbers="0.8660" tags=["answer"]
# Of 4. The ratio of the two is $\sqrt{(n-1)/n}$: for 4 numbers that is 0.8660, which nobody overlooks; for a million they differ by 5 parts in ten million, and `approx` lets it pass.
# Many bugs are of the size 1/n: the smaller the example, the larger they are, and the easier it is by hand. Let the tolerance be much smaller than the bug that you want to catch.
# %%
if __name__ == "__main__":
    for n in (4, 1_000_000):
        ratio = ((n - 1) / n) ** 0.5
        print(f"n = {n}: {ratio:.4f}, accepted by approx: {abs(ratio - 1) <= 1e-6}")


# %% [markdown] lang="zh"
# ### 好的测试
#
# 一个测试分三段：准备好输入，调用一次，检查结果。读它的人不看被测的代码，也该明白它在说什么。
#
# - 一个测试只说*一件事*，名字就是那件事：`test_a_window_that_is_too_large_is_an_error`；它一红，你就知道坏的是什么。
# - 每次都一样：随机数先固定种子，不看时钟，不联网。时红时绿的测试，没有人再信。
# - 单独也能跑，顺序换了也能跑：不靠别的测试留下的东西。
# - 快：几毫秒一个，才会每改一处就跑一遍。
#
# 修一个错之前，先写一个因为它而失败的测试，看它红，再去修：修好了它才绿，以后这个错再来，它马上会红。
#
# 常用的跑法：`pytest -x` 第一个失败就停，`pytest -k mean` 只跑名字里有 mean 的，`pytest --lf` 只跑上次失败的，`pytest test_a.py::test_one` 只跑这一个，`pytest -s` 让 `print` 显示出来。
# 编辑器左边烧杯样的“测试”一栏里也能跑、能调试。全过的时候，pytest 以 0 结束，有失败就以 1 结束：别的程序靠这个数知道结果（`part0_workshop`）。
# %% [markdown] lang="en"
# ### A good test
#
# A test has three parts: it prepares the input, makes one call, and checks the result. A reader should understand what it claims without looking at the code under test.
#
# - It says *one thing*, and that is its name: `test_a_window_that_is_too_large_is_an_error`; when it turns red, you know what is broken.
# - It gives the same each time: a fixed seed for random numbers, no clock, no network. Nobody believes a test that is red now and then.
# - It works alone, and in any order: it doesn't need anything that another test left.
# - It is quick, a few milliseconds, so that you run all of them after each change.
#
# Before you fix a bug, write a test that fails because of it, and see it red: it turns green only when the bug is fixed, and red again on the day the bug comes back.
#
# Useful ways to run: `pytest -x` stops at the first failure, `pytest -k mean` runs those with mean in their names, `pytest --lf` those that failed last time, `pytest test_a.py::test_one` this one only, and `pytest -s` shows what `print` writes.
# The view "Testing" on the left of the editor (a flask) runs and debugs them, too. When all pass, pytest ends with the number 0, and with 1 when some fail: from it other programs know the result (`part0_workshop`).
# %% [markdown] lang="zh"
# ### 同一个测试，许多例子：parametrize；同样的准备：fixture
#
# 四个例子写成四个函数太啰嗦，写成循环，第一个失败就看不到后面的。
# `parametrize` 让一个函数对每一行跑一次，各算各的。
#
# 夹具（fixture）是测试要用的一样东西，pytest 在*每个*测试前现做一份；测试把夹具的名字写成自己的参数，就拿到它。
# `tmp_path` 是 pytest 自带的：一个全新的空文件夹；自己的夹具写成 `@pytest.fixture` 下面的函数。
# 用完要收拾的（关文件、停服务器），就把 `return` 换成 `yield`：它前面的几行在测试之前运行，后面的在测试之后运行，测试失败了也运行。
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
# If something must be cleared up afterwards (a file closed, a server stopped), write `yield` in place of `return`: the lines before it run before the test, and those after it run after the test, even if the test failed.
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


# %% [markdown] lang="zh"
# 夹具默认每个测试做一份。若做一份要一分钟（读入数据、训练一个模型），可以把*范围*（scope）放宽：`@pytest.fixture(scope="module")` 整个文件只做一份，大家合用。
# 只对*没有测试会改*的东西这样做；谁改了它，别的测试的结果就要看谁先跑。
# %% [markdown] lang="en"
# By default a fixture is made for each test. If that takes a minute (loading data, training a model), its **scope** can be widened: `@pytest.fixture(scope="module")` makes one for the whole file, and all its tests share it.
# Do so only with what *no test changes*; else the results depend on which test ran first.
# %% [markdown] lang="zh" tags=["question"] see="write_log_tests"
# 一个夹具给出空列表，第一个测试往里加了 1，第二个测试断言它是空的。范围是整个文件时，第二个测试通过吗？单独跑第二个呢？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="write_log_tests"
# A fixture gives an empty list; the first test appends a 1, and the second asserts that it is empty. With one list for the whole file, does the second pass? And when it is run alone? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 一起跑失败，单独跑通过：结果要看谁先跑，这正是夹具要免掉的毛病。
# 范围只对*没有人改*的东西放宽；默认的范围下，每个测试一份新列表，两个都通过。
# 打印出来的 made 和 cleared 是 `yield` 前后的两段：合用时只有一次。
# %% [markdown] lang="en" tags=["answer"]
# Together it fails, alone it passes: the result depends on who ran first, which is just what fixtures are to prevent.
# Widen the scope only of things that *nobody changes*; with the default each test has a new list, and both pass.
# The words made and cleared are printed before and after the `yield`: only once where it is shared.
# %%
SHARED = """
import pytest

@pytest.fixture(scope="module")
def log():
    print("made")
    yield []
    print("cleared")

def test_one(log):
    log.append(1)
    assert log == [1]

def test_two(log):
    assert log == []
"""

if __name__ == "__main__":
    for text, which in ((SHARED, ()), (SHARED, ("-k", "two")), (SHARED.replace('(scope="module")', ""), ())):
        said = sandbox.pytest(text, "-s", *which)
        print("made", said.count("made"), "time(s):", said.split("\n")[-1])


# %% [markdown] lang="zh"
# ### 为一个测试换掉的东西，和先不算的测试
#
# 被测的代码要看时钟、网上的东西、环境变量（从外面交给程序的名字和文字），测试就不能每次一样。
# 夹具 `monkeypatch` 让你暂时换掉它们：`monkeypatch.setenv("RUN", "run 7")` 设一个环境变量，`monkeypatch.setattr(time, "time", lambda: 3.0)` 把时钟换成永远说 3.0 的；测试一结束，它都换回去，失败了也换。
# 自己写 `time.time = …` 却忘了换回去，后面的测试就都活在第 3 秒。
#
# 有的测试现在不该算数：
#
# - `@pytest.mark.skip(reason="…")` *不运行*它（`skipif` 看条件）：这台机器没有它要的东西。
# - `@pytest.mark.xfail(reason="…", strict=True)` *运行*它，并说好它会失败：一个知道而还没修的错。哪天它通过了，`strict` 就把它报成失败，提醒你把这个记号拿掉。
#
# 两种都不是红的，所以理由要写明；拿它们让红灯变绿，是在关警报。
# %% [markdown] lang="en"
# ### Things replaced for one test, and tests that don't count yet
#
# If the code under test looks at the clock, the network, or environment variables (names with a text, handed to a program from outside), a test can't give the same each time.
# The fixture `monkeypatch` lets you replace things for one test: `monkeypatch.setenv("RUN", "run 7")` sets an environment variable, `monkeypatch.setattr(time, "time", lambda: 3.0)` replaces the clock by one that always says 3.0; when the test ends, even by failing, everything is put back.
# Write `time.time = …` yourself and forget to put it back, and all later tests live in second 3.
#
# Some tests shouldn't count now:
#
# - `@pytest.mark.skip(reason="…")` *doesn't run* it (`skipif` does so on a condition): this machine lacks what it needs.
# - `@pytest.mark.xfail(reason="…", strict=True)` *runs* it, and says that it will fail: a bug that is known and not fixed yet. If it passes one day, `strict` makes that a failure, so that you take the mark away.
#
# Neither is red, so give the reason; to use them to get rid of a red test is to switch off the alarm.
# %%
MARKED = """
import os
import time

import pytest

def stamp():
    return f"{os.environ.get('RUN', 'no run')} at {time.time():.0f}"

def test_stamp(monkeypatch):
    monkeypatch.setenv("RUN", "run 7")
    monkeypatch.setattr(time, "time", lambda: 3.0)
    assert stamp() == "run 7 at 3"

def test_afterwards_all_is_as_before():
    assert stamp().startswith("no run") and time.time() > 1e9

@pytest.mark.skip(reason="needs a GPU")
def test_on_a_gpu():
    assert False

@pytest.mark.xfail(reason="nobody has decided what the mean of nothing is", strict=True)
def test_mean_of_nothing():
    assert sum([]) / len([]) == 0
"""

if __name__ == "__main__":
    print(sandbox.pytest(MARKED, "-rsx"))  # -rsx: give the reasons of skip and xfail


# %% [markdown] lang="zh" tags=["question"] see="write_running_tests"
# 一个文件夹里有 `test_a.py`、`a_test.py`、`tests_a.py`，内容都是下一格的 `NAMES`：`test_one`、`check_two`，和类 `TestThree` 的方法 `test_it`。`pytest` 一共运行几个？先猜，再运行。
# %% [markdown] lang="en" tags=["question"] see="write_running_tests"
# A folder holds `test_a.py`, `a_test.py` and `tests_a.py`, each with the text `NAMES` of the next cell: `test_one`, `check_two`, and a class `TestThree` with a method `test_it`. How many does `pytest` run? Guess, then run it.
# %% [markdown] lang="zh" tags=["answer"]
# 四个：`test_a.py` 和 `a_test.py` 各两个，函数 `test_one` 和 `TestThree` 里的方法。`tests_a.py` 的名字哪一种也不是，整个文件被悄悄跳过；`check_two` 也一样，它明明会失败，却没有人知道。
# 所以总要看一眼 pytest 最后说的“4 passed”是不是你以为的个数；下一格的 `pytest --collect-only -q` 只列出找到的，不运行。
# %% [markdown] lang="en" tags=["answer"]
# Four: two in `test_a.py` and two in `a_test.py`, the function `test_one` and the method in `TestThree`. The name `tests_a.py` is of neither form, so the whole file is silently ignored; and so is `check_two`, which would fail, and nobody hears of it.
# So always look whether the "4 passed" at the end is the number that you had in mind; `pytest --collect-only -q`, as in the next cell, lists what was found, and doesn't run it.
# %%
NAMES = """
def test_one():
    pass

def check_two():
    assert False

class TestThree:
    def test_it(self):
        pass
"""

if __name__ == "__main__":
    files = ("test_a.py", "a_test.py", "tests_a.py")
    print(sandbox.pytest(NAMES, "--collect-only", names=files))
    print(sandbox.pytest(NAMES, names=files).split("\n")[-1])


# %% [markdown] lang="zh"
# ### 绿了，说明什么
#
# 测试全绿，只说明*这几个例子上*没有看出错。那么一份测试值多少？
# 每一行都执行过（“覆盖”了），也不算数：把 `assert` 全删掉，照样全绿、照样全覆盖。
# 要量一份测试值多少，最直接的办法是拿错的代码来试，看它抓得住几个；这叫变异测试（mutation testing）。平时写完一个测试，也先把代码改错一处，看它变红，再改回来。
# 接下来的练习有八个错的实现。下一格里是两份测试，都在正确的实现上通过：一份只调用、不检查，一份查一个例子 `[1.0, 2.0, 6.0]`。
# %% [markdown] lang="en"
# ### What green says
#
# When all tests are green, you know that no error showed *in these examples*. So what is a test file worth?
# That each line was executed ("covered") doesn't count: delete every `assert`, and all is still green and still covered.
# The most direct way to measure it is to try it on wrong code, and count what it catches; this is called *mutation testing*. Do so in daily work, too: after writing a test, break the code in one place, see it turn red, and put the code back.
# The coming exercise has eight wrong implementations. The next cell has two test files, which both pass on the right one: the first only calls the function, the second checks one example, `[1.0, 2.0, 6.0]`.
# %% [markdown] lang="zh" tags=["question"] see="write_running_tests"
# 两份各抓住八个里的几个？哪一类错，一个例子查得再仔细也抓不住？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="write_running_tests"
# How many of the eight does each catch? Which kinds of bug escape from one example, however closely it is checked? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 0 个和 3 个。第二份抓住的都是*这个例子*上就算错的。
# 别的要另外的例子才露馅：别的 `window`、没有排好序的数、界限之外的、调用之后的 `values`。一条规则，一个例子。
# %% [markdown] lang="en" tags=["answer"]
# None, and 3. What the second catches gives a wrong result *in this example*.
# The others need an example of their own: another `window`, values that aren't sorted, something beyond the limits, `values` after the call. One example for each rule.
# %%
if __name__ == "__main__":
    only_called = "from running import running_mean\n\ndef test_it():\n    running_mean([1.0, 2.0, 6.0], 2)\n"
    one_example = only_called.replace("    running", "    assert running").replace("2)\n", "2) == [1.5, 4.0]\n")
    for text in (only_called, one_example):
        found = suspects.outcomes("running", [text])[0]
        print(text.split("\n")[-2].strip(), "| caught:", sum(map(found.kills, tests.RUNNING_FAULTS)), "of 8")


# %% [markdown] lang="zh"
# ### 练习 · 给滑动平均写测试 · 25 分钟
#
# 把你的测试文件的全文用 UTF-8（最常用的把文字存成字节的办法）写进 `file`（一个路径），例如 `file.write_text(text, encoding="utf-8")`。它用 `from running import running_mean` 拿到被测的函数：
# `running_mean(values, window)` 返回每 `window` 个相邻数的均值，一个列表：`running_mean([1.0, 2.0, 6.0], 2)` 是 `[1.5, 4.0]`。
# `values` 是浮点数的列表，不许改动；`window` 小于 1 或大于 `values` 的长度时报 `ValueError`；所以对空列表，任何 `window` 都报错。
# 结果只保证到舍入为止：正确的实现用累积和，`running_mean([0.1, 0.2, 0.3], 1)` 不*恰好*等于 `[0.1, 0.2, 0.3]`。
# 所以例子取寻常的数：绝对值不超过一千，一个列表不超过一百个；用 `pytest.approx` 比较，不要写得比默认更严。预期的数里有 0（或几乎是 0）的，写 `rel=1e-6, abs=1e-9`，两个都写：默认的 $10^{-12}$ 可能不够。
#
# 你的文件会由 pytest 运行九次：对正确的实现，每个测试都要通过；八个错的，每个都要至少有一个测试失败。八个里的每一个都违反上面的某一句话。
# 跳过的测试，标了 `xfail` 并且果然失败的测试，都既不算通过，也不算失败。
# 不联网；九次加起来 30 秒以内结束；要用到的都写在这一个文件里。最好先在旁边写一个真的 `test_running.py`，编辑器会帮你，再把全文放进来。
# %% [markdown] lang="en"
# ### Exercise · tests for a running mean · 25 min
#
# Write the whole text of your test file into `file`, a path, as UTF-8 (the usual way to keep text as bytes), for example with `file.write_text(text, encoding="utf-8")`. It gets the function to be tested with `from running import running_mean`:
# `running_mean(values, window)` returns the means of every `window` neighbours, as a list: `running_mean([1.0, 2.0, 6.0], 2)` is `[1.5, 4.0]`.
# `values` is a list of floats and must stay as it is; a `window` below 1 or above the length of `values` raises `ValueError`; so for an empty list every `window` is an error.
# Results hold up to rounding: the right implementation uses cumulative sums, and `running_mean([0.1, 0.2, 0.3], 1)` is not *exactly* `[0.1, 0.2, 0.3]`.
# So let examples have ordinary numbers, up to a thousand in size and up to a hundred in a list; compare with `pytest.approx`, and no more strictly than its defaults. Where 0 (or nearly 0) is among the expected numbers, write `rel=1e-6, abs=1e-9`, both of them: the default of $10^{-12}$ may be too little.
#
# Pytest runs your file nine times: on the right implementation every test must pass; on each of eight wrong ones at least one test must fail. Each of the eight breaks one of the sentences above.
# A test that is skipped, or fails as its `xfail` expects, counts neither as passed nor as failed.
# No network, 30 seconds at most for the nine runs together, everything in this one file. Best write a real `test_running.py` first, where the editor helps you, then put its text here.
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
# JSON 是把字典写成文字的格式，像 `{"step": 1}`。
# `add(path, record)` 把字典 `record` 写成一行 JSON，接在文件 `path`（一个 `Path`）的末尾。缺少的文件夹由它建好；`record` 不许改动。
# `read(path)` 返回文件里所有的字典，先写的在前，数还是数；文件不存在时返回 `[]`；读取不改动文件。
# 字典的键是文字，值是文字、数、`True`、`False`、`None`，或者由这些组成的列表和字典。别的不保证：JSON 没有别的键，也没有元组，`{1: (1, 2)}` 读回来是 `{"1": [1, 2]}`。
# 每个 `path` 各是各的日志，同一个文件夹里的两个也是。文件是 UTF-8，每条记录一行，以换行结尾；空文件就是没有记录的日志。不是这样的文件（例如手写的、有空行的），`read` 不保证读得懂。
# 一行 JSON 里空不空格，é 这样的字（汉字也是）照写还是写成编号 `\u00e9`，都不规定：比较读回来的字典，不要比文字。
#
# 评判方式相同：在正确的实现上，每个测试都要通过；八个错的实现，每个至少让一个测试失败。八个里的每一个都违反上面的某一句话。只写 `tmp_path` 里面的文件。
# %% [markdown] lang="en"
# ### Exercise · tests for a log · 20 min
#
# One more test file, this time for code that reads and writes files: `from runlog import add, read`.
# JSON is a way to write a dictionary as text, such as `{"step": 1}`.
# `add(path, record)` writes the dictionary `record` as a line of JSON at the end of the file `path` (a `Path`). It makes folders that are missing, and leaves `record` as it is.
# `read(path)` returns all dictionaries in the file, the first written first, with numbers as numbers; where there is no file it returns `[]`; reading leaves the file as it is.
# Keys of the dictionaries are text; values are text, numbers, `True`, `False`, `None`, or lists and dictionaries of these. Nothing is promised for others: JSON has no other keys and no tuples, and `{1: (1, 2)}` comes back as `{"1": [1, 2]}`.
# Each `path` is a log of its own, two in one folder as well. The file is UTF-8, a line for each record, each with its line end; an empty file is a log without records. Nothing is promised for `read` on any other file (one written by hand with blank lines, say).
# Where the JSON has spaces is left open, and so is whether é is written as é or as `\u00e9`: compare dictionaries, not text.
#
# It is judged in the same way: on the right implementation every test must pass; on each of eight wrong ones at least one test must fail. Each of the eight breaks one of the sentences above. Write only to files inside `tmp_path`.
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
# %% [markdown] lang="zh"
# 现在你会了：让程序停在一行并问它的状态；写出能抓住错误的测试。
# 往下读：pytest 文档的 [“How-to guides”](https://docs.pytest.org/en/stable/how-to/index.html)（英文，pytest 的作者们）：`parametrize` 和夹具的全部用法。读时自问：`caplog` 和 `capsys` 各替你接住什么？
# %% [markdown] lang="en"
# Now you can stop a program on a line and ask for its state, and write tests that catch bugs.
# Go deeper: pytest's ["How-to guides"](https://docs.pytest.org/en/stable/how-to/index.html) (English, by the authors of pytest) have all of `parametrize` and fixtures. Ask yourself while reading: what does `caplog` catch for you, and what `capsys`?
# %% [markdown] lang="zh"
# ## 4 · 图和小应用
# ### 图是数据，加一份说明
#
# plotly 的图是一个对象：`figure.data` 是几条*迹*（trace，一条曲线，或一张热图：用颜色深浅表示数的表格），`figure.layout` 是其余的一切（标题、轴、图例）。先造好，随时可以改，最后才显示。
# 迹里写数据和名字：`go.Scatter(x=…, y=…, name="…", mode="lines")`；说明写在 `figure.update_layout(title=…, xaxis_title=…, yaxis_title=…)`。
# 鼠标停在上面时显示什么，由 `hovermode`（`"x unified"`：同一个 x 上所有曲线一起）和每条迹的 `hovertemplate` 决定；在这样的模板里，`%{z}` 会换成 z 的值。
# 每个点要有自己的一段文字，就给迹一个列表 `text=[…]`，模板里写 `%{text}`。
# 图例里一行对应一条迹，所以要分开标明的几组点，一组一条迹。
# 图既然是数据，测试就不必看图：`figure.data[0].name`、`figure.data[0].y`、`figure.layout.title.text` 都可以拿来比，`figure.to_dict()` 把整张图变成字典。
# `update_layout(yaxis_type="log")` 让 y 轴变成对数的，`update_layout(yaxis_autorange="reversed")` 让它从上往下走。
# 对数轴上，相同的*比*是相同的距离：从 1 到 0.1 与从 0.01 到 0.001 一样长。它适合正的、跨几个数量级的量；0 和负数画不出来。
# 好图不用你在旁边讲：标题说出看什么，两个轴写明是什么量、什么单位，每条线有名字，多余的都去掉；悬停再给出准确的数。
# 折线在说“两点之间也有东西”：适合时间、轮数、学习率。
# 各自独立的东西（几种优化器、几个城市）之间没有“中间”，先后也是随便排的，就用柱子，`go.Bar`。
# 单位不同的两个量（如损失和学习率），不要挤在一个 y 轴上：上下两格，共用 x 轴，像下一格的 `make_subplots`。
# 十条线缠在一起，哪一条也看不清：那就一条一格，坐标轴的范围都相同（`shared_yaxes=True`），眼睛才能横着比；这叫分面图（small multiples）。
#
# 存成网页：`figure.write_html("loss.html", include_plotlyjs=True)` 把画图的程序也装进文件，离线能看；`"cdn"` 则要联网。
# 论文、PDF、幻灯片里不能悬停，也不能放大；点有几百万个时，网页又会卡：这些时候用静态的图片（图右上角的相机存一张 PNG），要紧的数直接写在图上。
# %% [markdown] lang="en"
# ## 4 · Figures and small apps
# ### A figure is data and a description
#
# A figure of plotly's is an object: `figure.data` are a few *traces* (a curve, or a heat map: a table whose numbers are shown as colours), `figure.layout` is all the rest (title, axes, legend). You build it, may change it at any time, and show it last.
# A trace has data and a name: `go.Scatter(x=…, y=…, name="…", mode="lines")`; the description goes into `figure.update_layout(title=…, xaxis_title=…, yaxis_title=…)`.
# What appears under the mouse is decided by `hovermode` (`"x unified"`: all curves at one x together) and by the `hovertemplate` of each trace; in such a template `%{z}` is replaced by the value of z.
# If each point has a text of its own, give the trace a list `text=[…]`, and write `%{text}` in the template.
# A line of the legend stands for a trace, so groups of points that are to be told apart are one trace each.
# As a figure is data, a test need not look at it: `figure.data[0].name`, `figure.data[0].y` and `figure.layout.title.text` can be compared, and `figure.to_dict()` makes dictionaries of all.
# `update_layout(yaxis_type="log")` makes the y axis logarithmic, and `update_layout(yaxis_autorange="reversed")` lets it run downwards.
# On a logarithmic axis equal *ratios* are equal distances: from 1 to 0.1 is as long as from 0.01 to 0.001. It is for positive values that spread over several powers of ten, and can't show 0 or less.
# A good figure needs nobody to explain it: the title says what to see, both axes say which quantity in which unit, each curve has a name, and there is nothing besides; hovering adds the exact numbers.
# A line says that there is something between its points: it is for time, epochs, a learning rate.
# Separate things (optimisers, cities) have nothing in between and no order of their own: they get bars, `go.Bar`.
# Two quantities of different units (loss and learning rate, say) don't share one y axis: put one above the other, over the same x axis, as `make_subplots` does in the next cell.
# Ten curves in one tangle can't be told apart: give each a panel, all with the same ranges (`shared_yaxes=True`), so that the eye can compare across; these are called **small multiples**.
#
# As a web page: `figure.write_html("loss.html", include_plotlyjs=True)` puts the drawing program into the file, which then works offline; `"cdn"` needs the network.
# On paper, in a PDF or on a slide nobody can hover or zoom, and with millions of points a page gets slow: there take a static picture (the camera at a figure's upper right saves a PNG), and write the numbers that matter on it.
# %%
if __name__ == "__main__":
    trace = go.Scatter(x=[1, 2, 3], y=[0.9, 0.5, 0.4], name="run 1")
    small = go.Figure(trace)
    print("trace:", trace.name, "; title:", small["layout"]["title"]["text"])  # none yet
    for source in (True, "cdn"):
        print(f"include_plotlyjs={source}: {len(small.to_html(include_plotlyjs=source)) / 1e6:.1f} MB")
    panels = make_subplots(rows=2, cols=1, shared_xaxes=True)
    for row, (name, values) in enumerate({"loss": [0.9, 0.5, 0.4], "learning rate": [0.1, 0.1, 0.01]}.items(), start=1):
        panels.add_scatter(x=[1, 2, 3], y=values, name=name, row=row, col=1)
        panels.update_yaxes(title_text=name, row=row, col=1)
    panels.update_xaxes(title_text="epoch", row=2, col=1)
    panels.update_layout(title="Two units, two panels, one x axis").show()
    homes = {"north": {"Elm Street": (40, 610), "Oak Lane": (62, 840)}, "south": {"Mill Road": (55, 900)}}
    points = go.Figure()
    for part, streets in homes.items():
        x, y = zip(*streets.values(), strict=True)
        points.add_scatter(x=x, y=y, text=list(streets), name=part, mode="markers", hovertemplate="%{text}: %{y}")
    print([(group["name"], group["text"]) for group in points.to_dict()["data"]])
    points.update_layout(title="Rents", xaxis_title="area (m²)", yaxis_title="rent (€)").show()


# %% [markdown] lang="zh" tags=["question"] see="loss_figure"
# 一条损失曲线从 2.3 降到 0.001，另一条从 2.3 降到 0.01。在普通的（线性的）y 轴上，这两条看起来差多少？
# %% [markdown] lang="en" tags=["question"] see="loss_figure"
# One loss falls from 2.3 to 0.001, another from 2.3 to 0.01. How different do they look on an ordinary (linear) y axis?
# %% [markdown] lang="zh" tags=["answer"]
# 几乎一样：末尾只差 0.009，是全高的 0.4%，比线还细。对数轴上它们差整整一格（十倍）。
# 对数轴上看到的是*比*，所以它适合正的、跨几个数量级的量；有 0 或负数就不行。
# %% [markdown] lang="en" tags=["answer"]
# Hardly at all: at the end they are 0.009 apart, 0.4% of the height, less than the line's width. On a logarithmic axis they are a whole power of ten apart.
# A logarithmic axis shows *ratios*: it is for positive values that spread over several powers of ten, and can't show 0 or less.
# %%
if __name__ == "__main__":
    curves = {
        "to 0.01": 2.3 * (0.01 / 2.3) ** (np.arange(30) / 29),
        "to 0.001": 2.3 * (0.001 / 2.3) ** (np.arange(30) / 29),
    }
    scales = make_subplots(rows=1, cols=2, subplot_titles=("linear", "logarithmic"))
    for name, values in curves.items():
        for col in (1, 2):
            scales.add_scatter(y=values, name=f"{name}, panel {col}", row=1, col=col)
    scales.update_yaxes(type="log", title_text="loss", col=2).update_xaxes(title_text="epoch")
    scales.update_layout(title="The same two curves: equal ratios are equal distances on the right").show()
    rates = (0.05, 0.3, 0.8, 0.99)
    small_multiples = make_subplots(rows=1, cols=4, shared_yaxes=True, subplot_titles=[f"lr {lr}" for lr in rates])
    for col, lr in enumerate(rates, start=1):
        small_multiples.add_scatter(y=(1 - 2 * lr) ** np.arange(12), mode="lines", row=1, col=col)
    small_multiples.update_xaxes(title_text="step").update_yaxes(title_text="w", col=1)
    small_multiples.update_layout(
        title="Four panels, one range: slow; quick; swings and shrinks; swings and hardly shrinks", showlegend=False
    )
    small_multiples.show()


# %% [markdown] lang="zh"
# ### 练习 · 损失曲线 · 15 分钟
#
# `losses` 是“运行的名字 → 每一轮的损失”（至少一轮），返回一张图，不显示它：
#
# - 每次运行一条折线（`go.Scatter`，看得见线），顺序相同，`name` 是它的名字，x 是 1、2、3……，长短可以不同；
# - 有标题，两个轴都有文字（写什么由你）；
# - y 轴是对数的；
# - `hovermode` 是 `"x unified"`。
#
# 颜色、样式随意。`losses` 是空字典时，返回一张没有迹的图，其余要求不变。
# %% [markdown] lang="en"
# ### Exercise · loss curves · 15 min
#
# `losses` maps the name of a run to its losses, one per epoch (one at least); return a figure, without showing it:
#
# - one curve for each run (`go.Scatter` with visible lines), in the same order; its `name` is that of the run, x is 1, 2, 3, …; runs may differ in length;
# - a title, and a text on both axes (in your own words);
# - a logarithmic y axis;
# - the `hovermode` `"x unified"`.
#
# Colours and style are free. If `losses` is empty, return a figure without traces, and the rest as above.
# %% exercise="loss_figure" difficulty=2 importance=3 minutes=15
def loss_figure(losses: Mapping[str, Sequence[float]]) -> go.Figure:
    """The losses of several runs over epochs, on a logarithmic axis."""
    # solution
    figure = go.Figure()
    for name, values in losses.items():
        figure.add_scatter(x=list(range(1, len(values) + 1)), y=list(values), name=name, mode="lines")
    figure.update_layout(title="Loss by epoch", xaxis_title="epoch", yaxis_title="loss", hovermode="x unified")
    return figure.update_yaxes(type="log")


if __name__ == "__main__":
    if tests.test_loss_figure(loss_figure):
        steps = np.arange(30)
        loss_figure({f"lr {lr}": (2.3 * (1 - lr) ** (2 * steps)).tolist() for lr in (0.01, 0.05, 0.1)}).show()


# %% [markdown] lang="zh" tags=["hint"]
# 从一张空图开始，循环里加迹；x 要从几开始数？
# %% [markdown] lang="en" tags=["hint"]
# Begin with an empty figure and add traces in a loop; from which number does x count?
# %% [markdown] lang="zh" tags=["hint"]
# 依次用 `figure.add_scatter(x=…, y=…, name=…, mode="lines")`、`update_layout`、`update_yaxes(type=…)`。
# %% [markdown] lang="en" tags=["hint"]
# In turn `figure.add_scatter(x=…, y=…, name=…, mode="lines")`, `update_layout`, `update_yaxes(type=…)`.
# %% [markdown] lang="zh"
# ### 练习 · 混淆矩阵 · 20 分钟
#
# 混淆矩阵（confusion matrix）数一个分类器的错法：第 i 行第 j 列是“真实为 i、被判为 j”的个数；对角线上是对的。
# 准确率只是对角线之和除以总数，看不出错在哪里；矩阵看得出哪两类常被弄混。
# 至少有一类，名字各不相同。把它画成一张热图（`go.Heatmap`；或者先 `import plotly.express as px`，再用 `px.imshow`），返回而不显示：
#
# - `z` 是 `counts`，行是真实的类，列是预测的类；两个轴的刻度是 `names`（写成迹的 `x` 和 `y`，或者写成轴的 `tickvals` 0、1、2……和 `ticktext`）；
# - 像矩阵那样读：第一类在*最上面*（plotly 默认把第一行放在最下面）；
# - 每格写着它的个数：`texttemplate` 里有 `%{z}`；
# - 有标题；x 轴的文字里有 `predicted`，y 轴的文字里有 `true`（或者中文的“预测”“真实”；大小写不论）；
# - 悬停时说清楚：`hovertemplate` 里有 `%{x}`、`%{y}` 和 `%{z}`。
#
# 例如 `counts` 是 `[[5, 1], [0, 4]]`、`names` 是 `["cat", "dog"]`：左上角写 5，旁边是 cat；一只猫被判成了狗。
# %% [markdown] lang="en"
# ### Exercise · a confusion matrix · 20 min
#
# A **confusion matrix** counts how a classifier errs: row i, column j is how many are truly i and were taken for j; on the diagonal stands what is right.
# The accuracy is only the sum of the diagonal over the total, and doesn't say where the errors are; the matrix shows which two classes are confused.
# There is one class at least, and no two have the same name. Draw it as a heat map (`go.Heatmap`; or `px.imshow` after `import plotly.express as px`), and return it without showing it:
#
# - `z` is `counts`, rows are the true classes, columns the predicted ones; the ticks of both axes are `names` (as the trace's `x` and `y`, or by the axes' `tickvals` 0, 1, 2, … and `ticktext`);
# - it reads like a matrix: the first class is *at the top* (plotly's default puts the first row at the bottom);
# - each field shows its count: `texttemplate` has `%{z}` in it;
# - a title; the text of the x axis contains `predicted`, that of the y axis `true` (or the same in Chinese; in capitals or not);
# - the hover is clear: `hovertemplate` has `%{x}`, `%{y}` and `%{z}` in it.
#
# With `counts` `[[5, 1], [0, 4]]` and `names` `["cat", "dog"]`, for example, the upper left shows 5, with cat beside it; one cat was taken for a dog.
# %% exercise="confusion_figure" difficulty=3 importance=3 minutes=20
def confusion_figure(counts: Int[np.ndarray, "classes classes"], names: Sequence[str]) -> go.Figure:
    """The confusion matrix as a heat map: true classes down, predicted ones across."""
    # solution
    hover = "true %{y}, predicted %{x}: %{z}<extra></extra>"  # `<extra>`: the grey box with the trace's name
    heat = go.Heatmap(z=counts, x=names, y=names, texttemplate="%{z}", hovertemplate=hover, colorscale="Blues")
    figure = go.Figure(heat)
    figure.update_layout(title="What was taken for what", xaxis_title="predicted class", yaxis_title="true class")
    return figure.update_yaxes(autorange="reversed")


if __name__ == "__main__":
    if tests.test_confusion_figure(confusion_figure):
        taken = np.array([[46, 3, 1], [2, 39, 9], [0, 12, 38]])
        confusion_figure(taken, ["cat", "dog", "wolf"]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 热图的 `x`、`y` 是刻度上的名字。哪个轴要反过来，才像矩阵？
# %% [markdown] lang="en" tags=["hint"]
# `x` and `y` of a heat map are the names on its ticks. Which axis must be reversed to read like a matrix?
# %% [markdown] lang="zh" tags=["hint"]
# `go.Heatmap(z=…, x=…, y=…, texttemplate=…, hovertemplate=…)`，再 `update_yaxes(autorange="reversed")`。
# %% [markdown] lang="en" tags=["hint"]
# `go.Heatmap(z=…, x=…, y=…, texttemplate=…, hovertemplate=…)`, then `update_yaxes(autorange="reversed")`.
# %% [markdown] lang="zh" tags=["question"] see="confusion_figure"
# 看上面的图：分类器最常犯的错是哪一个？这是准确率（82%）看得出来的吗？
# %% [markdown] lang="en" tags=["question"] see="confusion_figure"
# In the figure above, which error does the classifier make most often? Could the accuracy (82%) have told you?
# %% [markdown] lang="zh" tags=["answer"]
# 把狼当成狗，12 次，其次是把狗当成狼，9 次：27 个错里有 21 个在这一对之间。
# 准确率只是对角线之和除以总数，123/150，看不出错在哪里；而知道了这个，就知道该去找更多狗和狼的图。
# %% [markdown] lang="en" tags=["answer"]
# Taking wolves for dogs, 12 times, then dogs for wolves, 9 times: of 27 errors 21 are between these two.
# Accuracy is only the sum of the diagonal over the total, 123/150, and doesn't say where the errors are; knowing that, you know to collect more dogs and wolves.
# %% [markdown] lang="zh"
# ### 一个带滑块的网页
#
# Streamlit 把一个 Python 脚本变成网页：`st.slider(…)` 画一个滑块，*返回它现在的值*。
# 规则只有一条，却常被误会：每动一下滑块，*整个脚本从头到尾再运行一遍*，滑块返回新值。不需要回调函数（callback，“有动静时请调用它”的函数），也没有“更新图”这回事。
# 所以算得慢的也会重算一遍。把它写成函数，上面加 `@st.cache_data`，结果就按参数记住：参数相同，就不再重算，给你一份副本。模型、数据库连接不宜复制，大家合用一个，就用 `@st.cache_resource`。
# 函数读的文件变了，它不知道，照样给旧的结果；要把文件的修改时间也当参数传进去。
# 要跨越各遍记住的（点了几次、聊天记录），放进 `st.session_state`：每个打开的页面（浏览器的一个标签页）各有一份，刷新页面就从头开始。
# 计算放在自己的函数里，像下面的 `descend`：不开网页就能用 `assert` 测它。
# 网页本身用 Streamlit 的 `AppTest`（在 `streamlit.testing.v1` 里）测，也不用浏览器：
# `at = AppTest.from_file("app.py").run()` 跑一遍脚本，`at.slider[0].set_value(0.3).run()` 动滑块；然后查 `at.exception` 是空的，`at.metric[0].value`（`st.metric` 用大字显示一个值）正是函数给的。
# 想真的运行：`python -m pip install "streamlit>=1.40,<2"`，然后在这一课的文件夹里 `streamlit run app.py`，`Ctrl+C` 停。
# %% [markdown] lang="en"
# ### A web page with a slider
#
# Streamlit makes a web page of a Python script: `st.slider(…)` draws a slider and *returns its current value*.
# There is one rule, often misunderstood: whenever the slider moves, *the whole script runs again from its top*, and the slider returns the new value. It needs no **callbacks** (functions that are called when something happens), and nothing "updates the plot".
# So slow computations run again, too. Put them into a function with `@st.cache_data` above it: Streamlit keeps each result, and for the same arguments returns a copy instead of running the function again. For a model or a connection that all users share, use `@st.cache_resource`.
# If the function reads a file that changes, it doesn't know, and gives the old result; pass the file's time of change, too.
# What must survive from run to run (a count of clicks, a conversation) goes into `st.session_state`: each open page (a tab of the browser) has one of its own, and reloading the page starts a new one.
# Keep the computation in a function of its own, such as `descend` below: a plain `assert` tests it without any page.
# The page itself is tested with Streamlit's `AppTest` (of `streamlit.testing.v1`), without a browser either:
# `at = AppTest.from_file("app.py").run()` runs the script, `at.slider[0].set_value(0.3).run()` moves the slider; then check that `at.exception` is empty and that `at.metric[0].value` is what the function gives (`st.metric` shows a value in large type).
# To run it for real: `python -m pip install "streamlit>=1.40,<2"`, then, in this lesson's folder, `streamlit run app.py`, and `Ctrl+C` to stop.
# %% [markdown] lang="zh" tags=["question"] see="app"
# 脚本里写 `count = 0`，再写 `count += 1`，最后显示 `count`。网页打开以后，滑块动了五下，页面上是几？记在 `st.session_state` 里的呢？
# 滑块打开时在 10，五下依次动到 20、10、20、10、20；用它作参数的慢函数加了缓存：真的算几次？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="app"
# A script says `count = 0`, then `count += 1`, then shows `count`. The page is opened, and the slider is moved five times: which number is on the page then? And if it is kept in `st.session_state`?
# The page opens with the slider at 10; then it is moved to 20, 10, 20, 10, 20. A slow function of its value is cached: how often is it really computed? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 1。每一遍都从 `count = 0` 开始，所以永远是 1。`st.session_state` 里的是 6：打开网页那一遍，加上五遍。慢函数算两次，10 一次，20 一次。
# 猜 6 的人把它想成了单元格：那里的内核一直活着，这里的脚本每次重来。
# %% [markdown] lang="en" tags=["answer"]
# 1. Each run begins with `count = 0`, so it is always 1. In `st.session_state` it is 6: the run when the page was opened, and five more. The slow function is computed twice, for 10 and for 20.
# Whoever guesses 6 thinks of cells: there the kernel lives on, here the script starts anew each time.
# %%
def descend(lr: float, steps: int = 20) -> list[float]:
    """The loss w² of gradient descent from w = 1, before each step and after the last."""
    return [(1 - 2 * lr) ** (2 * step) for step in range(steps + 1)]


@cache  # of the standard library: like `st.cache_data`, it keeps results by their arguments
def slow(n: int) -> int:
    print("computing", n)
    return n * n


def script(slider: int, session_state: dict[str, int]) -> None:
    """A page, as far as one run of it goes."""
    count = 0
    count += 1
    session_state["count"] = session_state.get("count", 0) + 1
    print("slider", slider, "count", count, "remembered", session_state["count"], "slow", slow(slider))


if __name__ == "__main__":
    remembered: dict[str, int] = {}
    for slider in (10, 20, 10, 20, 10, 20):  # the page is opened, then five moves
        script(slider, remembered)
    print({lr: f"{descend(lr)[-1]:.1e}" for lr in (0.1, 0.5, 0.9, 1.1)})


# %% [markdown] lang="zh"
# ### 练习 · 学习率的滑块 · 20 分钟
#
# 写这个页面；`st` 是 Streamlit 模块，由 `app.py` 传进来：
#
# - 一个 `st.slider(label, min_value, max_value, value)`，最后一个是开始的位置，步长随意；标签里有 `learning rate`（或“学习率”；大小写不论），从 0.0 到 1.2，开始在 0.1；
# - 一个 `st.metric(label, value)`（用大字写出一个值，标签写在上面），值是 `descend(lr)` 的最后一个损失，写成 `f"{loss:.2e}"`，标签随意；
# - 一张图，画 `descend(lr)` 的全部 21 个损失：`st.plotly_chart`（图怎样画随意）或 `st.line_chart`。
#
# 放在页面上或 `st.sidebar`、`st.columns` 里都行，别的文字随意。没有装 Streamlit 时，由一个替身评判：它记下你对 `st` 的每次调用；装了，就再由 Streamlit 自己的测试工具 `AppTest` 评判一遍。
# %% [markdown] lang="en"
# ### Exercise · a slider for the learning rate · 20 min
#
# Write this page; `st` is the module Streamlit, which `app.py` passes in:
#
# - one `st.slider(label, min_value, max_value, value)`, where the last is where it starts, with any step; its label contains `learning rate` (or the same in Chinese; in capitals or not), from 0.0 to 1.2, starting at 0.1;
# - one `st.metric(label, value)` (it shows a value in large type, with the label above), whose value is the last loss of `descend(lr)`, written as `f"{loss:.2e}"`, with any label;
# - one chart of all 21 losses of `descend(lr)`: `st.plotly_chart` (drawn as you like) or `st.line_chart`.
#
# They may be on the page, in `st.sidebar` or in `st.columns`, and other text is free. Without Streamlit a stand-in judges, which notes each of your calls of `st`; where it is installed, Streamlit's own test harness `AppTest` judges once more.
# %% exercise="app" difficulty=2 importance=2 minutes=20
def app(st: Any) -> None:
    """The page: a slider for the learning rate, the last loss, the curve."""
    # solution
    lr = st.slider("learning rate", 0.0, 1.2, 0.1, 0.05)
    losses = descend(lr)
    st.metric("loss after 20 steps", f"{losses[-1]:.2e}")
    st.plotly_chart(go.Figure(go.Scatter(y=losses, mode="lines+markers")).update_yaxes(type="log"))


if __name__ == "__main__":
    tests.test_app(app)


# %% [markdown] lang="zh" tags=["hint"]
# 脚本每动一下就从头再来：那么滑块的新值从哪里来？
# %% [markdown] lang="en" tags=["hint"]
# At each move the script starts from its top: so where does the slider's new value come from?
# %% [markdown] lang="zh" tags=["hint"]
# `st.slider(label, min_value, max_value, value)` 返回值；用它算 `descend`，再交给 `metric` 和图。
# %% [markdown] lang="en" tags=["hint"]
# `st.slider(label, min_value, max_value, value)` returns the value; compute `descend` with it, and hand that to `metric` and to the chart.
# %% [markdown] lang="zh"
# ## 5 · notebook 和助手
# ### notebook 什么时候更好
#
# 写在脚本里的代码，用 git（保存旧版本的工具，下一课讲）看得清改了哪里，别的文件能导入它，也好测试；notebook（`.ipynb`）把输出和图也存下来，适合*给人看*的分析、课堂演示和一次性的探索。
# notebook 变成脚本，代码和文字（成了注释）都在，输出和图没有了。
# 对 git 这是好事：差别只是你改的那几行，合并也容易；notebook 里存的输出，一运行就变。
# %% [markdown] lang="en"
# ## 5 · Notebooks and assistants
# ### When a notebook is better
#
# Code in a script can be imported by other files, and tested, and git (which keeps old versions; see the next lesson) shows clearly what changed; a notebook (`.ipynb`) also keeps output and figures, and is good for analyses that *people read*, for lectures, and for exploring something once.
# Made into a script, a notebook keeps code and texts (as comments) and loses output and figures.
# For git that is good: a difference is the lines that you changed, and merging is easy; a notebook's stored output changes with every run.
# %% [markdown] lang="zh" tags=["question"] see="standardise"
# 打开一个 notebook，什么也不改，只把唯一的一格再运行一遍，存盘。`git diff` 拿文件与 git 存下的版本比：文件里有几行变了？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="standardise"
# You open a notebook, change nothing, only run its one cell again, and save. `git diff` compares the file with the version that git keeps. How many lines of the file have changed? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 两行：第几次运行的那个数，和打印出来的损失（这里没有固定种子）；`git diff` 每行显示两遍，旧的前面是 `-`，新的前面是 `+`。若有图，变的会多得多。
# 真正的改动混在里面，看不见；两个人各运行一遍，合并就冲突。
# %% [markdown] lang="en" tags=["answer"]
# Two: the number that counts the runs, and the loss that was printed (there was no fixed seed); `git diff` shows each of them twice, the old line after `-`, the new one after `+`. With a figure, much more changes.
# Real changes hide among these; and if two people have each run it, merging is a conflict.
# %%
def notebook(run: int, printed: str) -> str:
    """The text of a notebook with one cell, after so many runs."""
    output = {"name": "stdout", "output_type": "stream", "text": [printed]}
    cell = {"cell_type": "code", "execution_count": run, "outputs": [output], "source": ["print(train(x, y))"]}
    return json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 5}, indent=1)


if __name__ == "__main__":
    then, now = (notebook(*seen).split("\n") for seen in ((1, "loss 0.52"), (2, "loss 0.49")))
    print("\n".join(f"-{a}\n+{b}" for a, b in zip(then, now, strict=True) if a != b))


# %% [markdown] lang="zh"
# ### 助手
#
# Copilot 之类的助手能在你想之前就补完整个练习；那样学到的，是按 `Tab`。
# 这个文件夹里的 `AGENTS.md` 请它们当辅导老师：解释、提问、指向 `coach hint`，不替你写。
#
# - 先自己写出一个*错*的，再问“为什么错”，比问“怎么写”学到的多。
# - 请它换一组数字讲例子，请它出题考你，请它解释一条报错；它说的，用一格代码验证。
# - 交给它写的代码，要能逐行说出为什么；说不出的那一行，就是下一个要学的。
# - 代码和测试不要都由它写：它误会了题目，两边就错得一样。至少预期值从别处来：手算、慢的循环、库函数。
# - 它会编：没有的函数、不存在的参数，说得和真的一样有把握。它给的名字，`F12` 去看一眼，或者运行一次。
# - 你贴给它的会送到别人的机器上：密码、别人的数据、不许外传的代码，都不要贴。
# - 自动补全太抢话：在*你自己的*设置里把 `editor.inlineSuggest.enabled` 设为 `false`；想把 AI 功能都关掉，就把 `chat.disableAIFeatures` 设为 `true`。
# %% [markdown] lang="en"
# ### Assistants
#
# Copilot and its like can complete a whole exercise before you have thought about it; what you learn then is to press `Tab`.
# `AGENTS.md` in this folder asks them to be tutors: explain, ask, point to `coach hint`, and not write for you.
#
# - First write something *wrong* yourself, then ask why it is wrong: that teaches more than asking how it is written.
# - Let it explain an example with other numbers, set you questions, or explain an error message; check what it says with a cell of code.
# - Be able to say why each line that it wrote is there; where you can't, that is what to learn next.
# - Don't let it write both code and tests: if it misunderstood the task, both are wrong alike. At least the expected values come from elsewhere: by hand, from a slow loop, from a library.
# - It makes things up: functions and arguments that don't exist, said as firmly as the rest. Look at each name with `F12`, or run it once.
# - What you paste is sent to somebody's machine: no passwords, no data of other people, no code that must stay inside.
# - If completions disturb you, set `editor.inlineSuggest.enabled` to `false` in *your own* settings; to turn off all AI features, set `chat.disableAIFeatures` to `true`.
# %% [markdown] lang="zh" tags=["question"] see="write_running_tests"
# 助手写的函数通过了你写的全部测试。它就是对的吗？测试也是它写的呢？
# %% [markdown] lang="en" tags=["question"] see="write_running_tests"
# A function that an assistant wrote passes all tests that you wrote. Is it right? And if the tests are the assistant's as well?
# %% [markdown] lang="zh" tags=["answer"]
# 测试只说它们说的那几件事：能抓住八种错的，才有些分量。测试也是同一个助手写的，两边就可能错得一样：它误会了题目，两边都按误会写。
# 所以至少期望值要从别处来：手算、一个慢而明显的循环、库函数。这也是这门课自己的测试守的规矩。
# %% [markdown] lang="en" tags=["answer"]
# Tests say only what they say: if they catch eight kinds of bug, that is worth something. If the same assistant wrote both, both may err alike: it misunderstood the task, and wrote both by the misunderstanding.
# So let at least the expected values come from elsewhere: by hand, from a slow and obvious loop, from a library. The tests of this course keep to that rule, too.
# %% [markdown] lang="zh"
# ## 6 · 这些还会回来
#
# 在 `part1_raytracing` 里，你要用断点再找三个错误，也要再写一次测试；`part4_experiments` 里一直要用 `loss_figure` 那样的图和日志；第 4 天讲 `torchrun` 时，要同时调试两个进程。
#
# 合上书，试着说出：
#
# - 为什么“能跑”不说明文件是对的，文件和内核怎样对不上；
# - 走完一行、走进去、走出来各停在哪里，调用栈的第二行是什么；
# - 损失不降先看哪四样；
# - 放宽夹具的范围会引来什么毛病，怎样知道一个测试有没有用；
# - 对数轴上看到的是什么，滑块一动，发生什么。
#
# 说不出哪一条，就回到哪一节。
# %% [markdown] lang="en"
# ## 6 · Where these pieces come back
#
# In `part1_raytracing` you find three more bugs with breakpoints, and write a test again; figures like `loss_figure` and logs are daily work in `part4_experiments`; a debugger with two processes comes with `torchrun` on day 4.
#
# Try to say, without looking anything up:
#
# - why "it runs" doesn't show that a file is right, and how file and kernel come apart;
# - where you stop after stepping over, into and out, and what the second row of a call stack is;
# - which four things to look at when the loss doesn't fall;
# - which trouble a wider scope of a fixture brings, and how to know whether a test is any good;
# - what a logarithmic axis shows, and what happens when a slider moves.
#
# If you can't say one of them, look it up in its section.
