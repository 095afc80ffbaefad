# %% [markdown] lang="zh" order=7
# # 第 0 天 · 工具：Python 与类型
# 这一课把后面天天要用的 Python 过一遍：十二道小练习（kata），将近三十张问题卡；然后是类型注解，由真正的检查器来评判。
# 每一道练习都写明它在课程的哪一处回来：生成器喂数据，装饰器包住函数，闭包给网络挂钩子（hook，网络的一层每算一次就替你调用的函数），拓扑序排计算图。
# **先修**：会写 Python 的函数和类；`part0_tensors`（只有最后一题用到张量和形状注解）。
# **时间**：约 4 小时；第 5 节之后正好休息。课程的另一半工具在后面两课：调试器和 pytest 在 `part0_debugging`，git、shell 和环境在 `part0_workshop`。
# **怎么读**：每张卡先在心里答，再运行下一格；卡住了用 `coach hint batches`，自测用 `coach questions`。
# 整课的规矩：传入的东西不许改动（练习说“改”的除外）；怎样写都可以，标准库随便用；报错的种类按练习写的来；错误信息除非练习规定，随你写，但不能空着。
# 有几道练习一开始就是一段能运行、却有毛病的代码：直接在上面改，名字不变。
# %% [markdown] lang="en" order=7
# # Day 0 · tools: Python and types
# This lesson goes through the Python that the course uses every day: twelve short exercises (katas), nearly thirty question cards; then type annotations, judged by a real checker.
# Each exercise says where in the course it comes back: generators feed the data, decorators wrap functions, closures become hooks (functions that a network calls for you whenever one of its layers has computed something), a topological order sorts the computational graph.
# **You need** Python up to functions and classes; `part0_tensors` (only the last exercise uses tensors and shape annotations).
# **Time**: about four hours; after section 5 is a good place for a break. The other half of the tools is in the next two lessons: debugger and pytest in `part0_debugging`, git, shell and environments in `part0_workshop`.
# **How to read**: answer each card in your head first, then run the next cell; `coach hint batches` helps when you are stuck, `coach questions` asks the self-check.
# The rules of the whole lesson: what is passed in stays unchanged (unless the exercise says that you change it); any way of writing is accepted, and the whole standard library is yours; errors are of the kind that the exercise names; their message is up to you unless the exercise gives a rule for it, but it can't be empty.
# Some exercises begin with code that runs and is wrong: change it in place, and keep its name.
# %%
import collections
import contextlib
import dataclasses
import functools
import itertools
import math
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, TypeVar  # noqa: F401 (a note for a tool: section 1)

import torch
from beartype import BeartypeConf, beartype
from jaxtyping import Float, jaxtyped
from torch import Tensor

from part0_tools import checker, figures, tests

T = TypeVar("T")  # a type that is not yet known: section 8

# %% [markdown] lang="zh"
# ## 1 · 名字与对象
# ### 两条记录，一个列表
# 训练时我们把每一轮的损失记在列表里。下一格先写 `run_b = run_a`，再往 `run_b` 里添一个数。
# %% [markdown] lang="en"
# ## 1 · Names and objects
# ### Two records, one list
# In training we keep the losses in a list. The next cell says `run_b = run_a`, and then appends a number to `run_b`.
# %% [markdown] lang="zh" tags=["question"] see="record"
# 先预测，再运行下一格：第一行里 `run_a` 有几个数？`run_b = run_b + [0.2]` 之后，`run_a` 又有几个？
# %% [markdown] lang="en" tags=["question"] see="record"
# Predict, then run the next cell: how many numbers does `run_a` hold in the first line? And how many does `run_a` hold after `run_b = run_b + [0.2]`?
# %% [markdown] lang="zh" tags=["answer"]
# 两次都是两个。
# 给名字赋值从不复制：`=` 只给同一个对象再贴一个名字，所以通过 `run_b` 添的数，从 `run_a` 也看得见。
# `run_b + [0.2]` 造了一个新列表，`run_b` 这个名字改贴到新列表上；`run_a` 还贴在旧的上面。
# %% [markdown] lang="en" tags=["answer"]
# Two, both times.
# Assigning to a name never copies: `=` puts another name on the same object, so what is appended through `run_b` is seen through `run_a`.
# `run_b + [0.2]` makes a new list, and the name `run_b` moves to it; `run_a` stays on the old one.
# %%
if __name__ == "__main__":
    run_a = [0.9]
    run_b = run_a
    run_b.append(0.5)
    print("run_a:", run_a, "| the same object:", run_a is run_b)
    run_b = run_b + [0.2]
    print("run_a:", run_a, "| run_b:", run_b)
    figures.names().show()

# %% [markdown] lang="zh"
# ### 规则
# 变量是名字，不是盒子：`=` 把名字贴到对象上。
# 能在原地改变的叫可变对象（mutable object）：列表、字典、集合、张量、通常还有你自己的类造出的对象；数、字符串、元组（tuple）不能变，“改”它们其实是造新的（元组里若放着列表，那个列表仍然能改）。
# `list(a)`、`a[:]`、`a.copy()` 造一个新的外层列表，里面装的仍是*同一些*对象，这叫浅拷贝（shallow copy）：列表里的列表还是共用的；`copy.deepcopy` 才连里面的一起复制。
# 列表的 `*` 也不复制里面的对象：`[[]] * 3` 是*同一个*空列表占三个位置，改一个，三个都变；要三个不同的，写 `[[] for _ in range(3)]`，每走一轮造一个新的。
# `is` 问是不是*同一个对象*，`==` 问*值相不相等*：比较值一律用 `==`；问 `None`，或者真要问是不是同一个对象（如上一格），才用 `is`。
# 还有一处常被忽略：函数参数的默认值只在*定义函数时*算一次，以后每次调用只要没给这个参数，用的都是那一个对象。
# %% [markdown] lang="en"
# ### The rule
# A variable is a name and not a box: `=` puts a name on an object.
# What can change in place is a **mutable object**: lists, dictionaries, sets, tensors, and usually the objects of your own classes; numbers, strings and tuples can't change, and "changing" one means making a new one (but a list inside a tuple can still change).
# `list(a)`, `a[:]` and `a.copy()` make a new outer list that holds *the same* objects, which is called a **shallow copy**: a list inside it is still shared; `copy.deepcopy` copies what is inside as well.
# Nor does `*` copy what is in a list: `[[]] * 3` is *one* empty list in three places, and a change of one shows in all three; for three different ones write `[[] for _ in range(3)]`, which makes a new one in each round.
# `is` asks whether two names are on *the same object*, `==` whether the *values are equal*: compare values by `==`; use `is` to ask for `None`, or where you really ask for the same object, as in the cell above.
# One more thing is easily missed: the default value of a parameter is made once, *when the function is defined*, and every call that doesn't give this parameter uses that one object.
# %% [markdown] lang="zh" tags=["question"] see="record"
# `a = [1, 2]`，`b = [1, 2]`：`a == b` 和 `a is b` 各是什么？`math.nan == math.nan` 呢？为什么 `x == None` 不如 `x is None`？
# %% [markdown] lang="en" tags=["question"] see="record"
# With `a = [1, 2]` and `b = [1, 2]`, what are `a == b` and `a is b`? What is `math.nan == math.nan`? And why is `x == None` worse than `x is None`?
# %% [markdown] lang="zh" tags=["answer"]
# `a == b` 为真，`a is b` 为假：值相等的两个对象。`nan`（“不是数”）与谁都不等，连自己也不等，所以要用 `math.isnan`。
# `==` 可以被类改写：NumPy 数组的 `x == None` 逐项比较，得到的是一个数组，放进 `if` 往往就出错；`is` 谁也改不了。
# %% [markdown] lang="en" tags=["answer"]
# `a == b` is true and `a is b` is false: two objects of equal value. `nan`, "not a number", equals nothing, not even itself, so use `math.isnan`.
# A class can redefine `==`: with a NumPy array, `x == None` compares element by element and gives an array, which is often an error in an `if`; nobody can redefine `is`.
# %% [markdown] lang="zh" tags=["question"] see="record"
# 除法有两种：`7 / 2`、`7 // 2`、`-7 // 2`、`-7 % 3`、`2 ** 10`、`0.1 + 0.2 == 0.3` 各是多少？
# %% [markdown] lang="en" tags=["question"] see="record"
# There are two divisions: what are `7 / 2`, `7 // 2`, `-7 // 2`, `-7 % 3`, `2 ** 10`, and `0.1 + 0.2 == 0.3`?
# %% [markdown] lang="zh" tags=["answer"]
# 3.5、3、−4、2、1024，最后一个是假。
# 整数相除，`/` 也给浮点数；`//` 向下取整（往负无穷，不是往 0）；`%` 的结果不是 0 就与除数同号，所以 n 是列表的长度（大于 0）时，`i % n` 总能当下标。
# 0.1 在二进制里写不尽，浮点数只能近似：比较浮点数用 `math.isclose`。Python 的整数没有上限，也没有误差（张量里的整数有上限）。
# %% [markdown] lang="en" tags=["answer"]
# 3.5, 3, −4, 2, 1024, and the last one is false.
# `/` gives a float even for two integers; `//` rounds down (towards minus infinity, not towards 0); the result of `%` is 0 or has the sign of the divisor, so with n the length of a list (above 0), `i % n` is always a valid index.
# In binary 0.1 has no end, so a float only comes near it: compare floats with `math.isclose`. Python's integers have no limit and no error (the integers in a tensor have a limit).
# %% [markdown] lang="zh" tags=["question"] see="record"
# 哪些值算“假”？`bool(0)`、`bool("0")`、`bool([])`、`bool([0])`、`bool(None)`、`"" or "lr"` 各是什么？
# %% [markdown] lang="en" tags=["question"] see="record"
# Which values count as false? What are `bool(0)`, `bool("0")`, `bool([])`, `bool([0])`, `bool(None)`, and `"" or "lr"`?
# %% [markdown] lang="zh" tags=["answer"]
# 假、真、假、真、假，最后是 `"lr"`。
# `False`、0（`0.0` 也是）、空的字符串和容器、`None` 算假，Python 自带的其他值都算真；`or` 返回第一个算真的值，都不算真时返回最后一个。
# 所以 `history or []` 会把*空*列表也换掉；想问“给了没有”，就写 `is None`。数组和张量只有恰好一个元素时才有真假，否则 `if tensor:` 会出错。
# %% [markdown] lang="en" tags=["answer"]
# False, true, false, true, false, and last `"lr"`.
# `False`, 0 (and `0.0`), empty strings and containers, and `None` count as false, all other values of Python itself as true; `or` returns the first value that counts as true, or the last one if none does.
# So `history or []` replaces an *empty* list, too; to ask whether something was given, write `is None`. An array or tensor is true or false only if it has exactly one element; otherwise `if tensor:` is an error.
# %%
if __name__ == "__main__":
    a, b = [1, 2], [1, 2]
    print(a == b, a is b, math.nan == math.nan)
    same, different = [[]] * 3, [[] for _ in range(3)]
    same[0].append(1)
    different[0].append(1)
    print(same, different)
    print(7 / 2, 7 // 2, -7 // 2, -7 % 3, 2**10, 0.1 + 0.2 == 0.3, math.isclose(0.1 + 0.2, 0.3))
    name = ""
    print([bool(value) for value in (0, "0", [], [0], None)], name or "lr")


# %% [markdown] lang="zh"
# ### 练习 · 会记仇的默认值 · 8 分钟
# `record(loss, history)` 把 `loss` 添到 `history` 的末尾，返回 `history`；不给 `history` 时，应当从一个新的空列表开始。
# 下面的写法有毛病：连着调用 `record(0.9)` 和 `record(0.5)`，第二次返回的是 `[0.9, 0.5]`，应当是 `[0.5]`。
# 把它改对。规则：每次不给 `history`（或给 `None`），都得到一个新列表；给了列表，就添在*那个*列表里，返回的也是那个列表本身，哪怕它是空的。
# 行末的注释是写给工具看的：`noqa` 让代码检查工具 ruff 在这一行闭嘴（它本来会指出这个错误，编号 B006），`# type: ignore` 让第 8 节的检查器闭嘴。
# 函数头上的 `history: list[float] | None` 是注解：一个浮点数的列表，或者 `None`，给工具和人看，第 8 节细讲。后面还会见到 `Sequence[int]`（能按下标取、装着整数的东西，如列表和元组）、`Iterable[str]`（能用 `for` 遍历的、给出字符串的东西）、`Callable[[float], float]`（收一个浮点数、给一个浮点数的函数）。
# 它在哪里回来：`part2_cnns` 的 `TrainArgs` 用 `field(default_factory=…)` 每次造新的（第 6 节）；`part4_optimization` 的 `Adam` 有两个衰减率要默认值，用元组，不用列表。
# %% [markdown] lang="en"
# ### Exercise · the default that remembers · 8 min
# `record(loss, history)` appends `loss` to `history` and returns `history`; without `history` it should begin with a new, empty list.
# The code below is wrong: call `record(0.9)` and then `record(0.5)`, and the second call returns `[0.9, 0.5]`, where it should be `[0.5]`.
# Fix it. The rules: each call without `history` (or with `None`) gets a new list; a list that is given is the one appended to, and it is returned itself, even if it is empty.
# The comments at the ends of lines are for tools: `noqa` keeps ruff, which looks for faults in code, quiet (it would point at this error, number B006), and `# type: ignore` does the same for the checker of section 8.
# `history: list[float] | None` at the function's head is an annotation: a list of floats, or `None`; it is for tools and people, and section 8 tells more. You will also see `Sequence[int]` (something with integers that can be indexed, such as a list or a tuple), `Iterable[str]` (something that a `for` can walk through and that gives strings) and `Callable[[float], float]` (a function that takes a float and gives one).
# Where it comes back: `TrainArgs` of `part2_cnns` makes a new default each time by `field(default_factory=…)` (section 6); `Adam` of `part4_optimization` needs defaults for two decay rates, and takes a tuple and not a list.
# %% exercise="record" kind="debug" difficulty=1 importance=4 minutes=8
def record(loss: float, history: list[float] | None = []) -> list[float]:  # noqa: B006
    """`history` with `loss` appended to it; a new list where none is given."""
    history.append(loss)  # type: ignore
    return history  # type: ignore


# solution
def record_mended(loss: float, history: list[float] | None = None) -> list[float]:
    """`record` without its bug."""
    history = [] if history is None else history
    history.append(loss)
    return history


record = record_mended  # noqa: F811

if __name__ == "__main__":
    tests.test_record(record)
    print(record(0.9), record(0.5))

# %% [markdown] lang="zh" tags=["hint"]
# 默认值是什么时候造出来的？换成什么默认值，可以在函数里面认出“没有给”？
# %% [markdown] lang="en" tags=["hint"]
# When is a default value made? Which default lets the function see inside that nothing was given?
# %% [markdown] lang="zh"
# ## 2 · 装东西的容器
# ### 一段损失的和，问一万次
# 损失曲线有两万个点，我们想求其中一万段各自的和。每段都从头加一遍，一段就要几千次加法；其实先把两万个数累加一遍，以后每段只要一次减法。
# 先认全四种容器，做一道小题，再写这道题。
# %% [markdown] lang="en"
# ## 2 · Containers
# ### The sum of a stretch, asked ten thousand times
# A loss curve has twenty thousand points, and we want the sums of ten thousand stretches of it. Adding each up anew takes thousands of additions a stretch; after a single pass over all the numbers, one subtraction a stretch is enough.
# First get to know the four containers and do a small exercise, then write it.
# %% [markdown] lang="zh" tags=["question"] see="range_sums"
# 列表和元组差在哪里？`(3)` 和 `(3,)` 是一回事吗？为什么字典的键可以是元组，不能是列表？
# %% [markdown] lang="en" tags=["question"] see="range_sums"
# How do a list and a tuple differ? Is `(3)` the same as `(3,)`? And why can a tuple be the key of a dictionary, but not a list?
# %% [markdown] lang="zh" tags=["answer"]
# 列表可变，元组不可变；习惯上列表装许多同类的东西，元组装几个各有含义的东西，例如形状 `(2, 3)`。
# `(3)` 只是加了括号的 3，逗号才造出元组。
# 字典先按哈希值（hash，一个整数；列表、元组这样按内容比较的东西，要由内容来算）找键；内容一变，哈希值也会变，键就再也找不到了，所以列表不许当键。元组能当键，条件是里面的每一项也能：`([1], 2)` 不行。
# %% [markdown] lang="en" tags=["answer"]
# A list is mutable and a tuple isn't; by custom a list holds many things of one kind, and a tuple a few that each mean something, a shape `(2, 3)` for instance.
# `(3)` is 3 in parentheses; it is the comma that makes a tuple.
# A dictionary finds keys by their hash, an integer; for things that are compared by content, such as tuples, it is computed from the content. If the content of a list changed, its hash would change, and the key could not be found again: so lists aren't allowed. A tuple can be a key if each of its entries can: `([1], 2)` can't.
# %% [markdown] lang="zh" tags=["question"] see="range_sums"
# `x = [0, 1, 2, 3, 4, 5]`：`x[1:4]`、`x[-2:]`、`x[::-1]`、`x[4:100]`、`x[10]` 各是什么？改 `x[1:4]` 会改到 `x` 吗？
# %% [markdown] lang="en" tags=["question"] see="range_sums"
# With `x = [0, 1, 2, 3, 4, 5]`, what are `x[1:4]`, `x[-2:]`, `x[::-1]`, `x[4:100]` and `x[10]`? If you change `x[1:4]`, does `x` change?
# %% [markdown] lang="zh" tags=["answer"]
# `[1, 2, 3]`、`[4, 5]`、倒过来的整个列表、`[4, 5]`、`IndexError`。
# 切片（slice）含头不含尾，所以只要 `0 <= a <= b <= len(x)`，`x[a:b]` 就有 `b - a` 个元素；`x[:k]` 和 `x[k:]` 正好拼成 `x`；切片越界不出错，下标越界才出错。
# 列表的切片是副本；NumPy 和 PyTorch 的切片是视图，改了就会改到原来的（`part0_tensors` 第 1 节）。
# %% [markdown] lang="en" tags=["answer"]
# `[1, 2, 3]`, `[4, 5]`, the whole list backwards, `[4, 5]`, and an `IndexError`.
# A slice includes its start and excludes its stop, so `x[a:b]` has `b - a` elements if `0 <= a <= b <= len(x)`, and `x[:k]` and `x[k:]` together are `x`; a slice that goes beyond the end is no error, but an index beyond the end is.
# A slice of a list is a copy; in NumPy and PyTorch it is a view, and changing it changes the original (section 1 of `part0_tensors`).
# %% [markdown] lang="zh" tags=["question"] see="vocabulary"
# `counts = {"a": 1}`：`counts["b"]`、`counts.get("b", 0)`、`"a" in counts` 各给什么？遍历字典得到键还是值，按什么顺序？
# %% [markdown] lang="en" tags=["question"] see="vocabulary"
# With `counts = {"a": 1}`, what do `counts["b"]`, `counts.get("b", 0)` and `"a" in counts` give? Does looping over a dictionary give keys or values, and in which order?
# %% [markdown] lang="zh" tags=["answer"]
# `KeyError`、0、真。遍历得到键，按放进去的先后；要键和值，就遍历 `counts.items()`。
# 在字典里找一个键，平均所用的时间与字典大小无关；在列表里，`in` 却要一个一个看过去。
# %% [markdown] lang="en" tags=["answer"]
# A `KeyError`, 0, and true. The loop gives keys, in the order in which they were put in; for both, loop over `counts.items()`.
# On average, finding a key takes the same time however large the dictionary is; in a list, `in` looks at one element after the other.
# %% [markdown] lang="zh" tags=["question"] see="vocabulary"
# `{3, 1, 3}` 有几个元素，`{*"banana"}` 呢（星号把字符一个个放进去）？`{}` 是空集合吗？两个集合的 `&`、`|`、`-` 各是什么？集合里的顺序靠得住吗？
# %% [markdown] lang="en" tags=["question"] see="vocabulary"
# How many elements does `{3, 1, 3}` have, and `{*"banana"}` (the star puts in the characters one by one)? Is `{}` an empty set? What are `&`, `|` and `-` of two sets? Can you rely on the order in a set?
# %% [markdown] lang="zh" tags=["answer"]
# 两个和三个：集合不重复。`{}` 是空*字典*，空集合写 `set()`。`&` 是交，`|` 是并，`-` 是差。
# 顺序靠不住：字符串的哈希值默认每次启动 Python 都不同，顺序也就可能不同。要固定的顺序，就用 `sorted(...)`；忘了这一点，同一个种子也可能跑出不同的结果。
# %% [markdown] lang="en" tags=["answer"]
# Two, and three: a set holds nothing twice. `{}` is an empty *dictionary*, an empty set is `set()`. `&` holds what is in both, `|` what is in at least one, `-` what is in the first and not in the second.
# You can't rely on the order: by default the hash of a string differs from one start of Python to the next, and so the order may differ, too. For a fixed order use `sorted(...)`; without it the same seed may give different results.
# %% [markdown] lang="zh" tags=["question"] see="topological_order"
# 怎样把 `runs = [("adam", 0.91), ("sgd", 0.88)]` 按第二项从大到小排？`sorted` 与 `.sort()` 差在哪里？并列的谁在前？
# %% [markdown] lang="en" tags=["question"] see="topological_order"
# How do you sort `runs = [("adam", 0.91), ("sgd", 0.88)]` by the second entry, largest first? How do `sorted` and `.sort()` differ? And of two equal entries, which comes first?
# %% [markdown] lang="zh" tags=["answer"]
# `sorted(runs, key=lambda run: run[1], reverse=True)`：`key` 对每个元素算一次，按算出的值排；`lambda` 是没有名字的小函数，只能写一个表达式。
# `sorted` 返回新列表，收任何能用 `for` 遍历的东西；`.sort()` 只有列表才有，就地排，返回 `None`，所以 `x = x.sort()` 会弄丢列表。
# 排序是稳定的：并列的保持原来的先后。
# %% [markdown] lang="en" tags=["answer"]
# `sorted(runs, key=lambda run: run[1], reverse=True)`: `key` is computed once for each element, and its values are what is compared; a `lambda` is a small function without a name, and holds one expression only.
# `sorted` returns a new list and takes anything that a `for` can walk through; `.sort()` belongs to lists only, sorts in place and returns `None`, so `x = x.sort()` loses the list.
# Sorting is stable: equal entries keep their order.
# %% [markdown] lang="zh" tags=["question"] see="range_sums"
# `first, *rest = [1, 2, 3]`、`a, b = b, a`、`for i, (x, y) in enumerate(pairs)` 各做什么？左边的名字太少会怎样？
# %% [markdown] lang="en" tags=["question"] see="range_sums"
# What do `first, *rest = [1, 2, 3]`, `a, b = b, a` and `for i, (x, y) in enumerate(pairs)` do? And what if there are too few names on the left?
# %% [markdown] lang="zh" tags=["answer"]
# 拆包（unpacking）：`first` 是 1，`rest` 是 `[2, 3]`；交换两个名字；编号，同时拆开每一对。
# 个数不合就报 `ValueError`，这是好事：`loss, accuracy = evaluate(model)` 若返回了三样，当场就知道。
# %% [markdown] lang="en" tags=["answer"]
# Unpacking: `first` is 1 and `rest` is `[2, 3]`; two names are swapped; a counter is added while each pair is taken apart.
# If the numbers don't match there is a `ValueError`, and that is good: if `loss, accuracy = evaluate(model)` returns three things, you know at once.
# %%
if __name__ == "__main__":
    x = [0, 1, 2, 3, 4, 5]
    print((3), (3,), x[1:4], x[-2:], x[::-1], x[4:100])
    counts = {"a": 1}
    print(counts.get("b", 0), "a" in counts, list(counts.items()), len({*"banana"}), {3, 1} & {3, 4}, type({}))
    print({3, 1} | {3, 4}, {3, 1} - {3, 4})
    runs = [("sgd", 0.88), ("adam", 0.91), ("adamw", 0.91)]
    # a lambda is a small function without a name: this one takes `run` and returns `run[1]`
    print(sorted(runs, key=lambda run: run[1], reverse=True))
    first, *rest = x
    print(first, rest)


# %% [markdown] lang="zh"
# ### 练习 · 字符表 · 8 分钟
# 网络只认识数，所以读文字的第一步是给每个字符编号。
# 返回一个字典：`texts` 里出现的每个字符，对应它的编号；字符按 `sorted` 的顺序从 0 编起，一个字符只编一次。
# 例如 `vocabulary(["ba", "cab"])` 是 `{"a": 0, "b": 1, "c": 2}`；没有文字就返回 `{}`。`texts` 可以是列表，也可以是只能遍历一次的东西。
# 推导式（comprehension）把“遍历、挑选、收集”写成一个表达式：`[f(x) for x in xs if p(x)]` 是列表，换成 `{...}` 就是集合，写成 `{k: v for ...}` 就是字典；两个 `for` 从左往右读，像两层循环从外往里。
# 末尾的 `if` 决定一个元素要不要；要在两个值里选一个，就把带 `else` 的表达式写在 `for` 前面：`[x if x < 9 else 9 for x in xs]` 一个也不丢，只把太大的换成 9。
# 收集才用推导式；只为了做事（打印、写文件）、要中途停下（`break`）、要接住错误，或者长得一眼读不完，就写普通的循环。
# 字典里同一个键出现几次，留下的是最后一次的值，位置仍是第一次的：`{x % 2: x for x in [1, 2, 3]}` 是 `{1: 3, 0: 2}`，并不报错。
# 直接写在函数的括号里，例如 `sum(f(x) for x in xs)`，就边走边算，不造列表，叫生成器表达式（generator expression）。
# 它在哪里回来：`part3_networks` 的二元字符模型，词表就是这样做的。
# %% [markdown] lang="en"
# ### Exercise · the vocabulary · 8 min
# A network knows numbers only, so the first step in reading text is to number the characters.
# Return a dictionary: each character that occurs in `texts`, with its number; they are numbered from 0 in the order of `sorted`, each once.
# For example, `vocabulary(["ba", "cab"])` is `{"a": 0, "b": 1, "c": 2}`; without texts it is `{}`. `texts` may be a list, or something that can be walked through only once.
# A **comprehension** writes "walk through, choose, collect" as one expression: `[f(x) for x in xs if p(x)]` is a list, with `{...}` it is a set, and written `{k: v for ...}` a dictionary; two `for` read from left to right, like two loops from the outer to the inner.
# The `if` at the end decides whether an element is taken at all; to choose between two values, put an expression with `else` in front of the `for`: `[x if x < 9 else 9 for x in xs]` loses none, and only replaces what is too large by 9.
# A comprehension is for collecting; write an ordinary loop if something is only to be done (printing, writing a file), if it must be able to stop half-way (`break`) or to catch an error, or if the line gets too long to be read at a glance.
# If a dictionary gets one key several times, the last value stays, in the place of the first: `{x % 2: x for x in [1, 2, 3]}` is `{1: 3, 0: 2}`, without any error.
# Written directly in the parentheses of a call, as in `sum(f(x) for x in xs)`, it makes no list and computes one value after the other: that is a **generator expression**.
# Where it comes back: the character model of `part3_networks` makes its vocabulary like this.
# %% exercise="vocabulary" difficulty=1 importance=4 minutes=8
def vocabulary(texts: Iterable[str]) -> dict[str, int]:
    """The number of each character in `texts`, in sorted order from 0."""
    # solution
    characters = {character for text in texts for character in text}
    return {character: number for number, character in enumerate(sorted(characters))}


if __name__ == "__main__":
    if tests.test_vocabulary(vocabulary):
        print(vocabulary(["hello", "world"]))

# %% [markdown] lang="zh" tags=["hint"]
# 先用集合推导式收集不重复的字符，再排序，再用 `enumerate` 编号。
# %% [markdown] lang="en" tags=["hint"]
# Collect the characters without repeats by a set comprehension, sort them, then number them by `enumerate`.
# %% [markdown] lang="zh" numbers="16 8"
# ### 前缀和
# 给每个位置记下*它之前*所有数的和，叫前缀和（prefix sum）。
# 值是 3、1、4、1、5，前缀和就是 0、3、4、8、9、14：比值多一个，开头是 0。
# 位置从 0 数起。位置 2 到 4（含头不含尾）是 4 和 1，和是 $9 - 4 = 5$：`sums[4] - sums[2]`，不管这一段多长，都只要一次减法。
# 同样的想法：累计概率（`part0_tensors` 的抽样）、积分、`torch.cumsum`。下一格对 2、7、1、8 做同一件事：位置 1 到 4 的和是 18 − 2 = 16，2 到 3 只有一个 1，全部是 18，3 到 4 是 8。
# 要省下时间，有个前提：数不变。
# 3、1、4、1、5 里的第一个 1 改成 2，它后面的四个前缀和都要加 1；问一次就改一次的话，每次要重算多达 n 个，不比直接相加快。
# %% [markdown] lang="en" numbers="16 8"
# ### Prefix sums
# Note for each place the sum of all numbers *before* it: that is a **prefix sum**.
# Of the values 3, 1, 4, 1, 5 the prefix sums are 0, 3, 4, 8, 9, 14: one more than there are values, with a 0 in front.
# Places are counted from 0. From place 2 to 4 (start included, stop excluded) stand 4 and 1, with the sum $9 - 4 = 5$: `sums[4] - sums[2]`, one subtraction however long the stretch is.
# It is the same idea as cumulative probabilities (the sampling of `part0_tensors`), integrals, and `torch.cumsum`. The next cell does it for 2, 7, 1, 8: from 1 to 4 the sum is 18 − 2 = 16, from 2 to 3 it is just 1, all together are 18, and from 3 to 4 it is 8.
# Time is saved only if the values stay the same.
# Make the first 1 of 3, 1, 4, 1, 5 a 2, and the four prefix sums after it all grow by 1; with such a change before each question, up to n of them are computed anew each time, and adding up directly is as fast.
# %%
if __name__ == "__main__":
    values = [2, 7, 1, 8]
    sums = list(itertools.accumulate(values, initial=0))
    print("prefix sums:", sums)
    print("1 to 4:", sums[4] - sums[1], "| 2 to 3:", sums[3] - sums[2], "| 3 to 4:", sums[4] - sums[3])
    figures.prefix_sums([3, 1, 4, 1, 5], 2, 4).show()


# %% [markdown] lang="zh"
# ### 练习 · 许多段的和 · 10 分钟
# 对每一对 `(start, stop)`，返回 `values[start:stop]` 的和，按 `ranges` 的顺序排成列表；`values` 是整数，`0 <= start <= stop <= len(values)`，`start == stop` 的段和为 0；`ranges` 可以只能遍历一次。
# 例如 `range_sums([3, 1, 4, 1, 5], [(0, 2), (2, 4), (3, 3)])` 是 `[4, 5, 0]`。
# 要评判的还有快慢：设有 n 个数、m 段，加减法总共不许超过 $3(n + m) + 10$ 次；测试会数。用 NumPy 或 PyTorch 的 `cumsum` 也行，但和要精确，测试里的和比 2⁵³ 还大：整数要留在 int64 里，float32 超过 2²⁴、float64 超过 2⁵³，就不是每个整数都存得下了。
# 它在哪里回来：`part0_tensors` 按概率抽样时的那把尺子，就是一列前缀和；在张量上它叫 `cumsum`。
# %% [markdown] lang="en"
# ### Exercise · the sums of many stretches · 10 min
# For each pair `(start, stop)`, return the sum of `values[start:stop]`, as a list in the order of `ranges`; `values` are integers, `0 <= start <= stop <= len(values)`, and a stretch with `start == stop` has the sum 0; `ranges` may be something that can be walked through only once.
# For example, `range_sums([3, 1, 4, 1, 5], [(0, 2), (2, 4), (3, 3)])` is `[4, 5, 0]`.
# Speed is judged, too: with n numbers and m stretches there may be at most $3(n + m) + 10$ additions and subtractions, and the test counts them. `cumsum` of NumPy or PyTorch is fine, but the sums must be exact, and some in the test are above 2⁵³: keep integers in int64, as a float32 can't hold every integer beyond 2²⁴, nor a float64 beyond 2⁵³.
# Where it comes back: the ruler by which `part0_tensors` draws from a distribution is a row of prefix sums; on tensors it is `cumsum`.
# %% exercise="range_sums" difficulty=2 importance=3 minutes=10
def range_sums(values: Sequence[int], ranges: Iterable[tuple[int, int]]) -> list[int]:
    """The sum of `values[start:stop]` for each pair, by one subtraction each."""
    # solution
    sums = list(itertools.accumulate(values, initial=0))
    return [sums[stop] - sums[start] for start, stop in ranges]


if __name__ == "__main__":
    if tests.test_range_sums(range_sums):
        print(range_sums([3, 1, 4, 1, 5], [(0, 2), (2, 4), (0, 5)]))

# %% [markdown] lang="zh" tags=["hint"]
# 一段的和，怎样写成两个“从头加到这里”的差？
# %% [markdown] lang="en" tags=["hint"]
# How is the sum of a stretch the difference of two sums that begin at the front?
# %% [markdown] lang="zh" tags=["hint"]
# `itertools.accumulate(values, initial=0)` 给出全部前缀和；先算好一次，再回答每一段。
# %% [markdown] lang="en" tags=["hint"]
# `itertools.accumulate(values, initial=0)` gives all prefix sums; compute them once, then answer each stretch.
# %% [markdown] lang="zh"
# ## 3 · 函数
# ### 三个函数，一个答案
# 下一格在循环里造三个函数，想让它们分别乘 1、2、3。
# %% [markdown] lang="en"
# ## 3 · Functions
# ### Three functions, one answer
# The next cell makes three functions in a loop, which are to multiply by 1, 2 and 3.
# %% [markdown] lang="zh" tags=["question"] see="scalers"
# 先预测，再运行下一格：三个函数作用于 10，打印的是 `[10, 20, 30]` 吗？
# %% [markdown] lang="en" tags=["question"] see="scalers"
# Predict, then run the next cell: applied to 10, do the three functions print `[10, 20, 30]`?
# %% [markdown] lang="zh" tags=["answer"]
# 不是，是 `[30, 30, 30]`。函数记住的是*名字* `factor`，不是当时的值；等到调用时，循环早已结束，`factor` 停在 3。
# %% [markdown] lang="en" tags=["answer"]
# No, `[30, 30, 30]`. The functions keep the *name* `factor` and not its value at the time; when they are called, the loop is over and `factor` is 3.
# %%
if __name__ == "__main__":
    made = []
    for factor in (1, 2, 3):
        made.append(lambda x: factor * x)  # noqa: B023
    print([function(10) for function in made])

# %% [markdown] lang="zh"
# ### 名字在哪里找
# 函数里的名字，先在函数自己里找，再到包着它的函数里找，再到文件里，最后是 Python 自带的：每一层叫一个作用域（scope）。
# 函数里只要有一处给名字赋值，这个名字在整个函数里就是局部的，`count += 1` 也算赋值：它先要读这个局部的名字，而它还没有值，于是报 `UnboundLocalError`。要改的正是外层函数的名字，就先写 `nonlocal count`；是文件里的，写 `global count`。
# 里层函数连同它从外层借用的名字，叫闭包（closure）；借的是名字，值到调用时才去看，这叫延迟绑定（late binding）。
# 要把值当场定下来，就让每个函数有*自己的*外层：再包一层函数，每次调用都是一个新的作用域；或者写成默认值 `lambda x, factor=factor: ...`，默认值是定义时算的（第 1 节）。
# %% [markdown] lang="en"
# ### Where a name is looked up
# A name used in a function is looked for in the function itself, then in the function around it, then in the file, last among Python's own: each of these layers is a **scope**.
# If a function assigns to a name anywhere, that name is local in the whole function, and `count += 1` assigns, too: it first reads the local name, which has no value yet, and raises `UnboundLocalError`. To change the name of the function around it, first say `nonlocal count`; for a name of the file, `global count`.
# An inner function together with the names that it borrows from outside is a **closure**; what is borrowed is the name, and the value is looked up when the function is called: that is **late binding**.
# To fix the value at once, give each function an outside *of its own*: wrap another function around it, as each call makes a new scope; or write a default `lambda x, factor=factor: ...`, because defaults are computed at definition (section 1).
# %% [markdown] lang="zh" tags=["question"] see="scalers"
# `count = 0`；函数里写 `count += 1`，调用时会怎样？`losses = []`；函数里写 `losses.append(1)` 呢？
# %% [markdown] lang="en" tags=["question"] see="scalers"
# With `count = 0` in the file, what happens when a function that says `count += 1` is called? And with `losses = []`, one that says `losses.append(1)`?
# %% [markdown] lang="zh" tags=["answer"]
# 第一个报 `UnboundLocalError`：`+=` 是赋值，`count` 因此成了局部的，还没有值就被读了；真要改外层的名字，写 `nonlocal` 或 `global`，更好的是返回新值。
# 第二个没有问题：没有赋值，只是改了名字所指的对象。
# %% [markdown] lang="en" tags=["answer"]
# The first is an `UnboundLocalError`: `+=` assigns, so `count` is local, and read before it has a value; to rebind an outer name, say `nonlocal` or `global`, or better, return the new value.
# The second is fine: nothing is assigned, the object that the name is on is changed.
# %% [markdown] lang="zh" tags=["question"] see="retry"
# `def f(a, b=2, *args, c, **kwargs)`：调用 `f(1, 5, 6, 7, c=8, d=9)` 时，每个名字得到什么？`f(1)` 呢？`g(*[1, 2], **{"c": 3})` 是什么意思？（没见过星号：先看打印的，这一节后面再讲。）
# %% [markdown] lang="en" tags=["question"] see="retry"
# With `def f(a, b=2, *args, c, **kwargs)`, what does each name get in `f(1, 5, 6, 7, c=8, d=9)`? And in `f(1)`? What does `g(*[1, 2], **{"c": 3})` mean? (If stars are new to you, look at what is printed; this section explains them further down.)
# %% [markdown] lang="zh" tags=["answer"]
# `a` 是 1，`b` 是 5，`args` 是元组 `(6, 7)`，`c` 是 8，`kwargs` 是 `{"d": 9}`。`f(1)` 报 `TypeError`：`*args` 后面的 `c` 只能按名字给，又没有默认值，不给不行。
# 调用处的星号反过来：把列表拆成位置参数，把字典拆成按名字给的参数，即 `g(1, 2, c=3)`。
# 定义时收、调用时拆，合起来就能把任何参数原样转交：`function(*args, **kwargs)`。
# %% [markdown] lang="en" tags=["answer"]
# `a` is 1, `b` is 5, `args` is the tuple `(6, 7)`, `c` is 8, and `kwargs` is `{"d": 9}`. `f(1)` is a `TypeError`: what comes after `*args`, here `c`, can be given by name only, and without a default it must be given.
# In a call the stars do the opposite: they spread a list as positional arguments and a dictionary as named ones, so it is `g(1, 2, c=3)`.
# Collected in the definition and spread in the call, any arguments can be handed on as they came: `function(*args, **kwargs)`.
# %%
if __name__ == "__main__":

    def f(a: int, b: int = 2, *args: int, c: int, **kwargs: int) -> tuple:
        return a, b, args, c, kwargs

    print(f(1, 5, 6, 7, c=8, d=9), f(*[1, 2], **{"c": 3}))


# %% [markdown] lang="zh"
# ### 练习 · 各乘各的 · 8 分钟
# 返回一个列表：第 i 个函数接受一个数，返回它乘以 `factors` 的第 i 个数。
# 例如 `[f(10) for f in scalers([1, 2, 3])]` 是 `[10, 20, 30]`。
# `factors` 以后被改动，这些函数也不许变；它可以是列表，也可以是只能遍历一次的东西；没有因数就返回空列表，0 也是因数。
# 它在哪里回来：`part2_features` 给许多层挂钩子，`part3_networks` 在循环里检验梯度（那里写着 `v=v`），都会遇到同一个坑。
# %% [markdown] lang="en"
# ### Exercise · each its own factor · 8 min
# Return a list: the function at place i takes a number and returns it times the number at place i of `factors`.
# For example, `[f(10) for f in scalers([1, 2, 3])]` is `[10, 20, 30]`.
# If `factors` is changed later, the functions stay the same; it may be a list, or something that can be walked through only once; without factors the list is empty, and 0 is a factor like others.
# Where it comes back: `part2_features` puts hooks on many layers, `part3_networks` checks gradients in a loop (and says `v=v`), and both meet this trap.
# %% exercise="scalers" difficulty=2 importance=4 minutes=8
def scalers(factors: Iterable[float]) -> list[Callable[[float], float]]:
    """One function for each factor, which multiplies by it."""

    # solution
    def scaler(factor: float) -> Callable[[float], float]:
        return lambda x: factor * x

    return [scaler(factor) for factor in factors]


if __name__ == "__main__":
    if tests.test_scalers(scalers):
        print([function(10) for function in scalers([1, 2, 3])])

# %% [markdown] lang="zh" tags=["hint"]
# 推导式的 `lambda` 里写 `factor`，用的是哪一刻的值？怎样让每个函数有自己的 `factor`？
# %% [markdown] lang="en" tags=["hint"]
# If a `lambda` in a comprehension says `factor`, the value of which moment is used? How can each function have a `factor` of its own?
# %% [markdown] lang="zh" tags=["hint"]
# 再写一个接受 `factor`、返回函数的小函数；或者用默认值；或者用 `functools.partial`。
# %% [markdown] lang="en" tags=["hint"]
# Write a small function that takes `factor` and returns a function; or use a default value; or `functools.partial`.
# %% [markdown] lang="zh"
# ### 装饰器：吃进函数，吐出函数
# 装饰器（decorator）是接受一个函数、返回一个函数的函数；`@log` 写在 `def f` 上面，等于之后写 `f = log(f)`。
# 带参数的，例如 `@retry(3, OSError)`，分两步：先算 `d = retry(3, OSError)`，得到一个装饰器；再 `f = d(f)`。所以 `retry` 里有三层函数：收参数的、收函数的、收调用的。
# 该写括号却没有写，例如下一格的 `polite` 写成了 `@polite`，被包的函数就当成了参数 `word`。
# 定义的时候并不报错，名字却贴到了第二层函数上，它还等着收函数：不带参数调用，这时才报 `TypeError`；带一个参数调用，连错都不报，得到的却是一个函数。
# 包过以后，`f.__name__` 成了里层那个函数的名字，文档字符串也丢了；`functools.wraps(function)` 把它们抄回来。
# 星号有两个方向：定义里是收，`*args` 把按位置给的收成元组，`**kwargs` 把按名字给的收成字典；调用里是拆，`function(*args, **kwargs)` 又把它们拆开，任何参数都原样转交。
# 定义里写在 `*args` 后面的参数，例如 `def f(a, *args, c)` 的 `c`，只能按名字给；它没有默认值，所以 `f(1)` 报 `TypeError`。
# 几个装饰器叠着写，离 `def` 最近的先包，上面的再包它的结果，像穿衣服。装饰器自己的代码在执行 `def` 时跑一次；它返回的里层函数才是每次调用都跑的。
# 看下一格：`shout` 没有抄，`polite` 抄了；`wait` 上面叠了两个。
# %% [markdown] lang="en"
# ### Decorators: a function in, a function out
# A **decorator** is a function that takes a function and returns one; `@log` above `def f` is the same as `f = log(f)` below it.
# One with arguments, `@retry(3, OSError)` say, works in two steps: first `d = retry(3, OSError)` gives a decorator, then `f = d(f)`. So `retry` has three layers: one takes the arguments, one the function, one the call.
# If the parentheses are forgotten, as in `@polite` for the `polite` of the next cell, the function itself is taken for the argument `word`.
# The definition is no error, but the name is now on the second layer, which still waits for a function: a call without arguments is then a `TypeError`; a call with one argument is no error at all, but gives a function.
# After wrapping, `f.__name__` is the name of the inner function, and the docstring is lost; `functools.wraps(function)` copies both back.
# Stars work in two directions. In a definition they collect: `*args` makes a tuple of what is given by position, `**kwargs` a dictionary of what is given by name. In a call they spread: `function(*args, **kwargs)` takes both apart again, so any arguments are handed on as they came.
# A parameter after `*args` in a definition, such as the `c` of `def f(a, *args, c)`, can be given by name only; here it has no default, so `f(1)` is a `TypeError`.
# Of several decorators the one nearest to `def` wraps first, and the one above it wraps the result, like clothes. The decorator's own code runs once, when the `def` is executed; the inner function that it returns is what runs at each call.
# In the next cell `shout` doesn't copy, and `polite` does; `wait` has both above it.
# %% [markdown] lang="zh" tags=["question"] see="retry"
# 先预测，再运行下一格：`wait()` 里的 please 是大写还是小写？两个装饰器的顺序对调呢？“shout wraps”一共打印几次，在什么时候？
# %% [markdown] lang="en" tags=["question"] see="retry"
# Predict, then run the next cell: is the please of `wait()` in capitals or not? And with the two decorators swapped? How often is "shout wraps" printed, and when?
# %% [markdown] lang="zh" tags=["answer"]
# 小写：`shout` 离 `def` 近，只看到 wait；`polite` 再把 please 放在前面，即 `wait = polite("please")(shout(wait))`。对调以后，`shout` 在外面，全成大写。
# 两次，每个 `@shout` 一次，都在定义的时候：调用 `go()` 和 `wait()` 不再打印它。
# %% [markdown] lang="en" tags=["answer"]
# Not in capitals: `shout` is nearer to `def` and sees only wait; then `polite` puts please in front: `wait = polite("please")(shout(wait))`. Swapped, `shout` is outside, and all is in capitals.
# Twice, once for each `@shout`, at the definitions: the calls `go()` and `wait()` don't print it again.
# %%
if __name__ == "__main__":

    def shout(function: Callable) -> Callable:
        print("shout wraps", function.__name__)

        def call(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs).upper()

        return call

    def polite(word: str) -> Callable:
        def decorate(function: Callable) -> Callable:
            @functools.wraps(function)
            def call(*args: Any, **kwargs: Any) -> Any:
                return f"{word}, {function(*args, **kwargs)}"

            return call

        return decorate

    @shout
    def go() -> str:
        return "go on"

    @polite("please")
    def stop() -> str:
        return "stop"

    @polite("please")
    @shout
    def wait() -> str:
        return "wait"

    print(go(), go.__name__, "|", stop(), stop.__name__, "|", wait())

    # the parentheses are forgotten
    @polite  # type: ignore
    def leave() -> str:
        return "leave"

    try:
        leave()  # type: ignore
    except TypeError as error:
        print("TypeError:", error)


# %% [markdown] lang="zh"
# ### 练习 · 再试几次 · 15 分钟
# 要用的 Python（第 5 节细讲）：`try:` 下面的代码报了 `error` 这一类的错，就跳到 `except error:` 下面，别的错照样往外走，到调用者那里；`raise` 抛出一个错误，在 `except` 里单写一个 `raise`，就把接住的那个再抛出去。
# 写带参数的装饰器 `retry(times, error)`；`error` 是类本身（`type[Exception]`），例如 `OSError`。被包的函数若报 `error`（或它的子类），就再调用一次，总共至多 `times` 次（`times` 至少是 1）。
# 哪一次成功，就立刻返回那次的结果（哪怕是 `None`）；`times` 次都失败，就把*最后一次*的错误原样抛出；别的错误一次也不重试，直接抛出。
# 参数原样转交，按位置的和按名字的都要；`__name__` 和 `__doc__` 要保留；同一个被包的函数可以反复调用，每次都有 `times` 次机会。不要等待，也不要打印。
# 例如 `@retry(3, OSError)` 包住的函数头两次报 `OSError`，第三次返回 7，调用的结果就是 7。
# 它在哪里回来：`part0_tensors` 用过的 `@jaxtyped(typechecker=beartype)`、`part4_optimization` 的 `@torch.no_grad()`、你将来写的下载和实验脚本。
# %% [markdown] lang="en"
# ### Exercise · try again · 15 min
# The Python that you need (more in section 5): if the code under `try:` raises an error of the class `error`, the program goes on under `except error:`; other errors go on outwards, to the caller; `raise` throws an error, and a bare `raise` inside an `except` throws the caught one again.
# Write the decorator with arguments `retry(times, error)`; `error` is the class itself (`type[Exception]`), such as `OSError`. If the wrapped function raises `error` (or a subclass of it), call it again, at most `times` times in all (`times` is at least 1).
# As soon as a call succeeds, return its result (even if it is `None`); if all `times` calls fail, the *last* error goes on as it is; any other error isn't retried and goes on at once.
# Hand all arguments on, positional and named; keep `__name__` and `__doc__`; a wrapped function can be called again and again, each time with `times` attempts. Don't wait, and don't print.
# For example, a function wrapped by `@retry(3, OSError)` that raises `OSError` twice and then returns 7 gives 7.
# Where it comes back: `@jaxtyped(typechecker=beartype)` of `part0_tensors`, `@torch.no_grad()` of `part4_optimization`, and the scripts that you will write for downloads and experiments.
# %% exercise="retry" difficulty=3 importance=4 minutes=15
def retry(times: int, error: type[Exception]) -> Callable[[Callable], Callable]:
    """A decorator: calls that raise `error` are made again, at most `times` in all."""

    # solution
    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            for _ in range(times - 1):
                with contextlib.suppress(error):
                    return function(*args, **kwargs)
            return function(*args, **kwargs)

        return call

    return decorate


if __name__ == "__main__":
    if tests.test_retry(retry):
        results = iter([OSError("busy"), OSError("busy"), 7])  # hands its elements over one by one: section 4

        @retry(3, OSError)
        def read() -> int:
            result = next(results)  # takes the next one
            if isinstance(result, OSError):
                raise result
            return result

        print(read())

# %% [markdown] lang="zh" tags=["hint"]
# 三层函数各收什么？最里面那层在循环里调用 `function`：成功就 `return`，失败就接住。
# %% [markdown] lang="en" tags=["hint"]
# What does each of the three layers take? The innermost calls `function` in a loop: `return` on success, catch on failure.
# %% [markdown] lang="zh" tags=["hint"]
# `except error:` 里的 `error` 就是传进来的类。最后一次失败时不要接住，或者接住后用一句光秃秃的 `raise`。
# %% [markdown] lang="en" tags=["hint"]
# In `except error:`, `error` is the class that was passed in. Don't catch the last failure, or catch it and say a bare `raise`.
# %% [markdown] lang="zh" tags=["hint"]
# `functools.wraps(function)` 写在最里层那个函数上面；两个外层各 `return` 一个函数。
# %% [markdown] lang="en" tags=["hint"]
# `functools.wraps(function)` stands above the innermost function; the two outer layers each `return` a function.
# %% [markdown] lang="zh"
# ## 4 · 一个接一个
# ### 没有尽头的数据
# 训练集可能有几百 GB，或者由程序不停地造出来：不能先把它装进列表再开始。要的是“来一个，处理一个”。
# %% [markdown] lang="en"
# ## 4 · One after the other
# ### Data without an end
# A training set may hold hundreds of GB, or a program makes it as it goes: it can't be put into a list first. What is wanted is "take one, use one".
# %% [markdown] lang="zh"
# ### 迭代器与生成器
# `for x in xs` 先向 `xs` 要一个迭代器（iterator）：一个记得自己走到哪里的东西，`next` 每次取下一个，取完就报 `StopIteration`，循环便结束。
# 迭代器只能走一遍，也没有长度和下标；列表每次都给一个新的，所以能走许多遍。
# `x in it` 也在走，找到了就停在那里：`it = iter([5, 6, 7, 8])`，问过 `6 in it`，里面只剩 7 和 8；没找到，就走到了底。
# 迭代器可以没有尽头，因为要一个才算一个；那就不能交给 `list`（它会一直要下去），只要开头几个，用 `itertools.islice(xs, k)`。
# 写迭代器最省事的办法是生成器（generator）：函数里有 `yield`，调用它就什么也不做，只给你一个迭代器；每次 `next`，函数跑到下一个 `yield`，交出一个值，停在那里，局部变量都留着。
# %% [markdown] lang="en"
# ### Iterators and generators
# `for x in xs` first asks `xs` for an **iterator**: a thing that remembers how far it has come; `next` takes one more from it, and after the last it raises `StopIteration`, which ends the loop.
# An iterator can be walked through once, and has neither a length nor an index; a list gives a new one each time, and so can be walked through often.
# `x in it` walks, too, and stops where it finds it: with `it = iter([5, 6, 7, 8])`, once you have asked `6 in it`, only 7 and 8 are left; if nothing is found, it has walked to the end.
# An iterator need not have an end, as a value is made only when it is asked for; never pass such an iterator to `list`, which would go on asking: `itertools.islice(xs, k)` stops after k.
# The easiest way to write one is a **generator**: if a function holds a `yield`, calling it does nothing but give you an iterator; at each `next` the function runs up to the next `yield`, hands over a value, and stops there with its local variables kept.
# %% [markdown] lang="zh" tags=["question"] see="batches"
# 先预测，再运行下一格：“begin”在哪一行之后打印？第二次 `list(numbers)` 得到什么？
# %% [markdown] lang="en" tags=["question"] see="batches"
# Predict, then run the next cell: after which line is "begin" printed? And what does the second `list(numbers)` give?
# %% [markdown] lang="zh" tags=["answer"]
# 在“made”之后，第一次 `next` 的时候：调用生成器函数还没有执行它的任何一行。
# 第二次是空列表：迭代器已经走完了。把迭代器传给两个都要遍历它的函数，第二个什么也看不到，而且不报错。
# %% [markdown] lang="en" tags=["answer"]
# After "made", at the first `next`: calling a generator function doesn't run a single line of it.
# The second is an empty list: the iterator is used up. Pass an iterator to two functions that both loop over it, and the second sees nothing, without any error.
# %% [markdown] lang="zh" tags=["question"] see="batches"
# `enumerate(xs, start=1)`、`zip(xs, ys)` 各给什么？两个列表不一样长，`zip` 会怎样？为什么课程里大多写 `strict=True`？
# %% [markdown] lang="en" tags=["question"] see="batches"
# What do `enumerate(xs, start=1)` and `zip(xs, ys)` give? What does `zip` do if the lists differ in length? And why does the course mostly write `strict=True`?
# %% [markdown] lang="zh" tags=["answer"]
# 前者给编号与元素的对；后者给两个第一项的对、两个第二项的对……两者都是迭代器。
# 长短不一时，`zip` 默默停在短的那个后面：少算了几张图，谁也不会发现。`strict=True` 这时报 `ValueError`。
# %% [markdown] lang="en" tags=["answer"]
# Pairs of number and element; the two first ones, the two second ones, and so on. Both are iterators.
# If the lengths differ, `zip` stops in silence after the shorter: some images aren't counted, and nobody notices. With `strict=True` it is a `ValueError`.
# %%
if __name__ == "__main__":

    def squares(n: int) -> Iterator[int]:
        print("begin", end=" ")
        for number in range(1, n + 1):
            yield number * number

    numbers = squares(3)
    print("made", end=" ")
    print(next(numbers), list(numbers), list(numbers))
    it = iter([5, 6, 7, 8])
    print(6 in it, list(it))
    # with strict=True this `zip` would raise a ValueError: one has three elements, the other two
    print(list(enumerate("ab", start=1)), list(zip([1, 2, 3], "ab", strict=False)))
    print(list(itertools.islice(itertools.count(10, 5), 3)))  # count(10, 5): 10, 15, 20 and so on for ever


# %% [markdown] lang="zh"
# ### 练习 · 一批一批 · 12 分钟
# 依次产生由 `size` 个元素组成的列表，顺序不变；最后一批装剩下的，可以不满；没有空的批。`size` 至少是 1。
# 例如 `list(batches("abcde", 2))` 是 `[["a", "b"], ["c", "d"], ["e"]]`；没有元素，就没有批。
# `items` 可以没有尽头，所以结果必须是迭代器（写成生成器最方便）。
# 也不许多取：攒够 `size` 个就立刻交出，不先看下一个；交出第 k 批时，从 `items` 里一共至多取了 k·`size` 个。
# 每一批是一个新列表：后来的批不许改动先前的批。
# 它在哪里回来：`part2_cnns` 的 `DataLoader` 就是这样一批一批地给数据。
# %% [markdown] lang="en"
# ### Exercise · batch by batch · 12 min
# Yield lists of `size` elements, one after the other and in order; the last one holds what is left and may be shorter; none is empty. `size` is at least 1.
# For example, `list(batches("abcde", 2))` is `[["a", "b"], ["c", "d"], ["e"]]`; without elements there are no batches.
# `items` may have no end, so the result must be an iterator (a generator is the easiest).
# It takes no more than it needs: hand a batch over as soon as it has `size` elements, without a look at the next; when batch number k is handed over, at most k·`size` elements have been taken from `items`.
# Each batch is a new list: later batches don't change earlier ones.
# Where it comes back: the `DataLoader` of `part2_cnns` gives data batch by batch in this way.
# %% exercise="batches" difficulty=2 importance=5 minutes=12
def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items each, in order; the last one holds what is left."""
    # solution
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


if __name__ == "__main__":
    if tests.test_batches(batches):
        endless = batches(itertools.count(), 4)
        print(next(endless), next(endless))

# %% [markdown] lang="zh" tags=["hint"]
# 一个一个地收进列表；收满了怎么办？全收完以后，手里还剩什么？
# %% [markdown] lang="en" tags=["hint"]
# Collect one by one in a list; what do you do when it is full? And after the last, what is left in your hands?
# %% [markdown] lang="zh" tags=["hint"]
# 交出之后要从一个*新*列表接着收。或者用 `itertools.islice` 从同一个迭代器里每次取 `size` 个。
# %% [markdown] lang="en" tags=["hint"]
# After handing a list over, go on with a *new* one. Or take `size` at a time from the same iterator by `itertools.islice`.
# %% [markdown] lang="zh"
# ### 循环的 `else`
# 循环后面可以跟 `else`：循环*没有*被 `break` 打断，它才执行。读作“若没有 break”。
# 常见的误会是“循环一次也没有执行才进 `else`”；下一格正好能判定：三个列表，哪几个会打印“none”？
# %% [markdown] lang="en"
# ### The `else` of a loop
# A loop may be followed by an `else`: it runs if the loop was *not* left by `break`. Read it as "if there was no break".
# It is often believed that the `else` runs only if the loop never ran; the next cell decides: for which of three lists is "none" printed?
# %% [markdown] lang="zh" tags=["question"] see="batch_that_fits"
# 先预测，再运行下一格：`[4, 7]`、`[4, 6]`、`[]` 各打印什么？
# %% [markdown] lang="en" tags=["question"] see="batch_that_fits"
# Predict, then run the next cell: what is printed for `[4, 7]`, `[4, 6]` and `[]`?
# %% [markdown] lang="zh" tags=["answer"]
# 7，none，none：没有奇数可找的两次都没有 `break`，循环了两轮也好，一轮没有也好，都进 `else`。
# %% [markdown] lang="en" tags=["answer"]
# 7, none, none: the two lists without an odd number never reach the `break`, so the `else` runs, after two rounds as well as after none.
# %%
if __name__ == "__main__":
    for numbers in ([4, 7], [4, 6], []):
        for number in numbers:
            if number % 2:
                print(number, end=" ")
                break
        else:
            print("none", end=" ")
    print()


# %% [markdown] lang="zh"
# ### 练习 · 放得下的一批 · 8 分钟
# `fits(size)` 试着用这么大的一批，返回放得下（真）还是放不下（假）；试一次很贵。
# 按 `sizes` 的顺序试（里面没有重复），返回第一个放得下的，之后一次也不许再试，同一个也不许试两次；都放不下（或 `sizes` 为空）就报 `ValueError`，写一句话。`fits` 自己报的错原样传出去。
# 例如 `sizes` 是 `[64, 32, 16]`，内存只够 40 个，就返回 32，`fits` 被调用两次。
# 它在哪里回来：`part1_rendering` 的 `raytrace_mesh_chunked` 也要在内存的限度里选块的大小；显存（GPU 自己的内存；GPU 是能同时做大量乘加的图形处理器）不够时，也常常这样试。
# %% [markdown] lang="en"
# ### Exercise · a batch that fits · 8 min
# `fits(size)` tries a batch of this size, and returns whether there is room for it (true or false); a trial is expensive.
# Try the `sizes` (all different) in their order and return the first that fits; after that no more may be tried, and none twice; if none fits (or `sizes` is empty), raise `ValueError` with a sentence. An error of `fits` itself goes on as it is.
# For example, with `sizes` of `[64, 32, 16]` and memory for 40, return 32, after two calls of `fits`.
# Where it comes back: `raytrace_mesh_chunked` of `part1_rendering` chooses the size of a chunk within a limit of memory, too; when the memory of a GPU (a graphics processor, which does very many multiplications at once) is full, people often try like this.
# %% exercise="batch_that_fits" difficulty=1 importance=3 minutes=8
def batch_that_fits(sizes: Iterable[int], fits: Callable[[int], bool]) -> int:
    """The first of `sizes` that fits; ValueError if none does."""
    # solution
    for size in sizes:
        if fits(size):
            break
    else:
        raise ValueError("batch_that_fits: none of the sizes fits: try smaller ones")
    return size


if __name__ == "__main__":
    if tests.test_batch_that_fits(batch_that_fits):
        print(batch_that_fits([64, 32, 16], lambda size: size <= 40))

# %% [markdown] lang="zh" tags=["hint"]
# 找到就 `break`，`else` 里报错；或者找到就 `return`，循环之后报错。
# %% [markdown] lang="en" tags=["hint"]
# `break` where you find one and raise in the `else`; or `return` where you find one and raise after the loop.
# %% [markdown] lang="zh"
# ## 5 · 出错的时候
# ### 一句没用的话
# 配置里写了 `lr=fast`，程序在三层以下报错：`could not convert string to float: 'fast'`。哪一行配置？应该怎么写？都没有说。
# %% [markdown] lang="en"
# ## 5 · When something fails
# ### A sentence that helps nobody
# A configuration says `lr=fast`, and three layers down the program reports `could not convert string to float: 'fast'`. Which line of the configuration? How should it be written? It doesn't say.
# %% [markdown] lang="zh"
# ### 异常
# 异常（exception）是一个对象，`raise` 把它抛出去；它沿着调用一层层往外走，直到有 `except` 接住它的类（或父类），没有人接就结束程序，并打印它走过的路（traceback）：*最下面一行*是错误，它上面紧挨着的几行是出事的地方，再往上是谁调用了它。
# `try` 里只放可能报这种错的那一行，别的放到 `else`：不然别处同一种错也被接住、藏起来。`else` 在没有出错时执行，`finally` 不管怎样都执行，哪怕中间 `return` 了。
# 接住以后换一个更有用的异常，用 `raise New(...) from error`：两个都留着，traceback 里写着“The above exception was the direct cause of the following exception”。
# 好的错误说三件事：做什么的时候，拿到了什么，接下来该怎么办。
# 为什么报错，不返回 `None`，也不只打印一句？报错让程序停在发现毛病的地方，调用的人想接就接得住；`None` 却被当成结果往下传，到很远的地方才出事；打印的话拦不住程序，别的代码也看不见。
# 只接你能处理的那一类：光秃秃的 `except:` 连 Ctrl+C 都接住；`except Exception:` 放过 Ctrl+C，却还是把自己代码里写错的名字也藏起来；下面再只写一个 `pass`，错误从此无影无踪。
# 自己报错时选对种类：参数的值不合规矩，报 `ValueError`；类型就不对，报 `TypeError`。
# `assert x` 在 x 为假时报 `AssertionError`。
# 它是给测试用的，也用来写下“除非我自己的代码错了，否则这里一定成立”；用 `python -O` 启动，所有的 `assert` 都被略去，所以别人给的参数不能靠它来查。
# %% [markdown] lang="en"
# ### Exceptions
# An **exception** is an object; `raise` throws it, and it goes outwards through the calls until an `except` catches its class (or a parent of it); if nobody does, the program ends and prints the way it came (the traceback): the *last line* is the error, the lines right above it show where it happened, and above those is who called.
# Put only the line that may fail under `try`, and the rest under its `else`: otherwise the same kind of error from another line is caught, too, and hidden. `else` runs if there was no error, `finally` runs in any case, even after a `return`.
# To replace a caught exception by one that helps more, write `raise New(...) from error`: both are kept, and the traceback says "The above exception was the direct cause of the following exception".
# A good error says three things: what was being done, on what, and what to do next.
# Why raise one, and not return `None` or print a line? An error stops the program where the fault is noticed, and the caller can catch it; a `None` goes on as if it were a result, and breaks something far away; a printed line stops nothing, and no code can see it.
# Catch only the class that you can deal with: a bare `except:` catches even Ctrl+C; `except Exception:` lets Ctrl+C through, but still hides a misspelt name in your own code; with only a `pass` under it, no trace of the error is left.
# When you raise one yourself, choose its class: `ValueError` for an argument with a bad value, `TypeError` for one of the wrong type.
# `assert x` is an `AssertionError` where x is false.
# It is for tests, and to note what must hold here unless your own code is wrong; started as `python -O`, a program leaves out every `assert`, so don't use it to check what others pass in.
# %% [markdown] lang="zh" tags=["question"] see="parse_setting"
# 先预测，再运行下一格：`attempt("x")` 打印哪些词？`attempt("1")` 呢？函数返回了，`finally` 还执行吗？
# %% [markdown] lang="en" tags=["question"] see="parse_setting"
# Predict, then run the next cell: which words does `attempt("x")` print? And `attempt("1")`? Does `finally` run although the function has returned?
# %% [markdown] lang="zh" tags=["answer"]
# `attempt("x")`：except、finally；`attempt("1")`：else、finally。
# `return` 也拦不住 `finally`：它先执行，函数再交出结果。
# %% [markdown] lang="en" tags=["answer"]
# `attempt("x")`: except, finally; `attempt("1")`: else, finally.
# Even `return` doesn't stop `finally`: it runs first, then the function hands over its result.
# %% [markdown] lang="zh" tags=["question"] see="parse_setting"
# `f"{0.12345:.2f}"`、`f"{0.5:.0%}"`、`f"{1234567:,}"`、`f"{'lr'!r:>6}"`、`f"{0.1 = }"` 各是什么？`"a,b".split(",")` 和 `"-".join(["a", "b"])` 呢？字符串能改吗？
# %% [markdown] lang="en" tags=["question"] see="parse_setting"
# What are `f"{0.12345:.2f}"`, `f"{0.5:.0%}"`, `f"{1234567:,}"`, `f"{'lr'!r:>6}"` and `f"{0.1 = }"`? And `"a,b".split(",")` and `"-".join(["a", "b"])`? Can a string be changed?
# %% [markdown] lang="zh" tags=["answer"]
# `0.12`、`50%`、`1,234,567`、引号也写出来、靠右占 6 格的 `  'lr'`、`0.1 = 0.1`；列表 `["a", "b"]` 和字符串 `a-b`。
# 冒号后面是格式，`!r` 写出带引号的样子：报错时要用它，不然空字符串和空格看不出来。
# 字符串不可变：没有哪个方法改它本身，结果都在返回值里，所以 `text.strip()` 不接住就白写了。
# %% [markdown] lang="en" tags=["answer"]
# `0.12`, `50%`, `1,234,567`, `  'lr'` with its quotes at the right of 6 places, `0.1 = 0.1`; the list `["a", "b"]` and the string `a-b`.
# After the colon stands the format; `!r` writes quotes, too: use it in errors, or nobody sees an empty string or a space.
# A string can't be changed: no method changes it, the result is what the method returns, so `text.strip()` alone on a line does nothing.
# %%
if __name__ == "__main__":

    def attempt(text: str) -> float | None:
        try:
            number = float(text)
        except ValueError:
            print("except", end=" ")
            return None
        else:
            print("else", end=" ")
            return number
        finally:
            print("finally", end=" ")

    print(attempt("x"), attempt("1"))
    pair = "a,b"
    print(f"{0.12345:.2f} {0.5:.0%} {1234567:,} {'lr'!r:>6} {0.1 = }", pair.split(","), "-".join(["a", "b"]))


# %% [markdown] lang="zh"
# ### 练习 · 一句有用的话 · 12 分钟
# `parse_setting("lr = 0.1")` 返回 `("lr", 0.1)`：等号左边是名字，右边是数（`float` 读得懂的就算），名字和数两边的空格去掉，里面的留着：`"weight decay=1"` 的名字是 `"weight decay"`，`"lr=1 000"` 的右边不是数。
# 等号不是正好一个、名字为空（去掉空格以后），或者右边不是数，就报 `ValueError`。错误信息里必须有传进来的整个 `text`（照原样，或者 `{text!r}` 写出的样子：那里制表符是 `\t`，看得见），还要有示范的写法 `lr=0.1`。
# 只有右边不是数时，原来的错误要用 `raise ... from` 保留下来：`__cause__` 是 `float` 报的那个 `ValueError`。
# 还有别的毛病时，有没有 `__cause__` 都行。
# 它在哪里回来：课程里的 `ValueError` 大多照这个样子写，例如 `part2_resnets` 的 `copy_weights`；将来你的命令行参数也这样读。
# %% [markdown] lang="en"
# ### Exercise · a sentence that helps · 12 min
# `parse_setting("lr = 0.1")` returns `("lr", 0.1)`: the name on the left of the equals sign, the number on the right (whatever `float` can read), without the spaces around them; inside them spaces stay: `"weight decay=1"` has the name `"weight decay"`, and the right side of `"lr=1 000"` is no number.
# If there isn't exactly one equals sign, or the name is empty (without its spaces), or the right side is no number, raise `ValueError`. Its message must contain the whole `text`, as it was given or as `{text!r}` writes it (which shows a tab as `\t`), and the example `lr=0.1`.
# If the only fault is that the right side is no number, keep the original error by `raise ... from`: `__cause__` is the `ValueError` that `float` raised.
# If there is another fault as well, it doesn't matter whether there is a `__cause__`.
# Where it comes back: most `ValueError`s of the course are written like this, that of `copy_weights` in `part2_resnets` for instance; one day you will read command-line options so.
# %% exercise="parse_setting" difficulty=2 importance=4 minutes=12
def parse_setting(text: str) -> tuple[str, float]:
    """The name and the number in a text such as `lr=0.1`; ValueError, with words that help, if it isn't one."""
    # solution
    name, _, value = (part.strip() for part in text.partition("="))
    try:
        if not name:
            raise ValueError("there is no name")
        return name, float(value)
    except ValueError as error:
        raise ValueError(f"parse_setting: can't read {text!r} ({error}): write it like lr=0.1") from error


if __name__ == "__main__":
    if tests.test_parse_setting(parse_setting):
        print(parse_setting("lr = 0.1"))
        try:
            parse_setting("lr=fast")
        except ValueError as error:
            print(error, "| cause:", error.__cause__)

# %% [markdown] lang="zh" tags=["hint"]
# `text.partition("=")` 总给三段；没有等号时，第二段、第三段是什么？
# %% [markdown] lang="en" tags=["hint"]
# `text.partition("=")` always gives three parts; what are the second and the third if there is no equals sign?
# %% [markdown] lang="zh" tags=["hint"]
# 把 `float(...)` 放进 `try`，在 `except ValueError as error:` 里 `raise ValueError(...) from error`；错误信息用 f-string 写，放进 `text`。
# %% [markdown] lang="en" tags=["hint"]
# Put `float(...)` in a `try`, and in `except ValueError as error:` say `raise ValueError(...) from error`; put `text` into the message by an f-string.
# %% [markdown] lang="zh"
# ### `with`：进去，出来，出错也出来
# 文件要关，锁（同一时刻只让一个人用的凭证）要放，模式要恢复，不管中间出没出错。`with` 保证这一点，例如 `with open(path) as file:` 出来时一定关文件。
# 能放在 `with` 后面的对象叫上下文管理器（context manager）：进去时调用它的 `__enter__`，`as` 后面的名字得到它返回的东西；出来时调用 `__exit__`，有异常也调用。
# `__exit__` 收到三样：异常的类、异常本身、它走过的路（traceback）；没有出错，就是三个 `None`。
# 它返回什么，决定异常的去向：返回真，异常就被吞掉，程序从 `with` 后面接着走；返回假，或者没有 `return`（那就是 `None`），清理完了异常照样往外走。
# 写一个不必写类：用 `@contextlib.contextmanager` 装饰一个生成器，`yield` 之前是“进去”，之后是“出来”，交出的值就是 `as` 得到的（什么也不交，就是 `None`）。
# `with` 里面出的错，在 `yield` 那一行抛出来。
# 所以把 `yield` 放进 `try`，“出来”的那部分放进它的 `finally`。在那里用 `except` 接住又不再抛出，就等于吞掉。
# %% [markdown] lang="en"
# ### `with`: in, out, and out after an error, too
# Files must be closed, locks (which let only one user in at a time) released, modes brought back, whether or not something failed in between. `with` makes sure of it: `with open(path) as file:`, for instance, always closes the file at the end.
# An object that can stand after `with` is a **context manager**: its `__enter__` is called on the way in, and the name after `as` gets what that returns; its `__exit__` is called on the way out, also with an exception.
# `__exit__` gets three things: the exception's class, the exception, and the way it came (its traceback); without an error, three times `None`.
# What it returns decides about the exception: a true value swallows it, and the program goes on after the `with`; with a false one, or without a `return` (which gives `None`), the exception goes on outwards after the cleaning up.
# You need no class for one: decorate a generator by `@contextlib.contextmanager`; what stands before its `yield` happens on the way in, what stands after it on the way out, and `as` gets the value that is handed over (`None` if there is none).
# An error inside the `with` is raised at the line of the `yield`.
# So put the `yield` in a `try`, and the way out in its `finally`. An `except` there that catches the error and doesn't raise it again swallows it.
# %% [markdown] lang="zh" tags=["question"] see="temporarily"
# 文件打开后，`open(path)` 给的东西可以 `for` 吗？模式 `"w"` 会先做什么？为什么总要写 `encoding="utf-8"`？`Path("runs") / "log.txt"` 是什么？
# %% [markdown] lang="en" tags=["question"] see="temporarily"
# Can you write a `for` over what `open(path)` gives? What does mode `"w"` do first? Why always write `encoding="utf-8"`? And what is `Path("runs") / "log.txt"`?
# %% [markdown] lang="zh" tags=["answer"]
# 可以，一行一行地给，每行带着换行符；它是迭代器，走完一遍就空了。
# `"w"` 先把文件清空（没有就新建），`"a"` 才是接着写。
# 不写编码，一般就用系统的：中文 Windows 上常是 GBK，文件里若有中文，换台机器就可能读不了，或者成了乱码。
# `/` 把路径接起来（`Path` 改写了这个运算符），在任何系统上都对；`read_text`、`exists`、`glob` 也在 `Path` 上。
# %% [markdown] lang="en" tags=["answer"]
# Yes, line by line, each with its newline; it is an iterator, and empty after one walk.
# `"w"` empties the file first (or makes a new one); `"a"` is what goes on writing.
# Without an encoding the system's is usually used: on a Chinese Windows often GBK, and if the file holds Chinese, another machine may fail to read it, or read wrong characters.
# `/` joins paths (`Path` redefines the operator), rightly on every system; `read_text`, `exists` and `glob` are methods of `Path`, too.
# %%
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.txt"  # the slash joins paths
        # the encoding says which bytes stand for which characters; by default each system has its own
        with open(path, "w", encoding="utf-8") as file:  # "w" empties the file first, "a" goes on at its end
            file.write("0.9\n0.5\n")
        with open(path, encoding="utf-8") as file:
            print([float(line) for line in file], list(file), path.name, path.exists())
    print("after the with:", path.exists())

    class Tolerant:
        def __enter__(self) -> str:
            return "inside"

        # BaseException: the parent of all exceptions, that of Ctrl+C too
        def __exit__(self, kind: type | None, error: BaseException | None, traceback: Any) -> bool:
            print("__exit__ gets:", kind, error)
            return kind is ZeroDivisionError  # swallow this one, and no other

    with Tolerant() as word:
        print(word)
        print(1 / 0)
    print("and the program goes on")


# %% [markdown] lang="zh"
# ### 练习 · 暂时换一下 · 12 分钟
# `with temporarily(obj, name, value):` 里面，`obj` 的属性 `name` 是 `value`；出来以后是原来的值（`None` 也是值），哪怕里面又改过它，哪怕里面出了错。错误照样传出去；Ctrl+C 造成的 `KeyboardInterrupt` 也一样，而它不是 `Exception`。
# 属性本来就有，可以用 `getattr(obj, name)` 和 `setattr(obj, name, value)` 读写；两个 `with` 可以套着用，也可以先后用。进去之前（只是调用，还没有 `with`）什么也不许变。
# 例如 `model.training` 是 `True`（PyTorch 的每一层都有这个属性，训练时为真，有些层这时算得不一样）：`with temporarily(model, "training", False):` 里面是 `False`，出来又是 `True`。
# `@contextlib.contextmanager` 已经写好了：写一个有 `yield` 的函数体；想写类就把它删掉。
# 它在哪里回来：`part2_resnets` 的 `predict` 要恢复每个模块的模式，`part3_networks` 的 `NoGrad` 暂时关掉记录。
# %% [markdown] lang="en"
# ### Exercise · changed for a while · 12 min
# Within `with temporarily(obj, name, value):` the attribute `name` of `obj` is `value`; afterwards it is what it was before (also if that is `None`), even if it was changed once more inside, and even after an error. The error goes on; the same holds for the `KeyboardInterrupt` of Ctrl+C, which is no `Exception`.
# The attribute is there before; read it by `getattr(obj, name)` and write it by `setattr(obj, name, value)`; two `with` may stand inside each other, or one after the other. Before the way in (after the call alone, without `with`) nothing has changed.
# For example, if `model.training` is `True` (each layer of PyTorch has this attribute; it is true in training, when some layers compute differently), it is `False` inside `with temporarily(model, "training", False):` and `True` again after it.
# `@contextlib.contextmanager` is given: write a body with a `yield`; delete it if you prefer a class.
# Where it comes back: `predict` of `part2_resnets` brings back the mode of every module, and `NoGrad` of `part3_networks` stops recording for a while.
# %% exercise="temporarily" difficulty=2 importance=4 minutes=12
@contextlib.contextmanager
def temporarily(obj: Any, name: str, value: Any) -> Iterator[None]:
    """A context in which the attribute `name` of `obj` is `value`; afterwards it is what it was."""
    # solution
    before = getattr(obj, name)
    setattr(obj, name, value)
    try:
        yield
    finally:
        setattr(obj, name, before)


if __name__ == "__main__":
    if tests.test_temporarily(temporarily):
        layer = torch.nn.Dropout()  # zeroes numbers at random, but only while its `training` is true
        with temporarily(layer, "training", False):
            print("inside:", layer.training)
        print("after:", layer.training)

# %% [markdown] lang="zh" tags=["hint"]
# 进去之前先记下什么？出错时，`yield` 后面的代码还会执行吗？
# %% [markdown] lang="en" tags=["hint"]
# What do you note before you go in? And after an error, is the code after the `yield` run?
# %% [markdown] lang="zh" tags=["hint"]
# `try: yield`，`finally:` 里放回记下的值。
# %% [markdown] lang="en" tags=["hint"]
# `try: yield`, and in the `finally:` put the noted value back.
# %% [markdown] lang="zh"
# ## 6 · 类
# ### 二十个设置，一个对象
# 一次训练有许多设置。用字典装，拼错一个键没有人发现；手写一个类，又要写 `__init__`、比较和打印，还容易让所有对象共用一个列表。
# %% [markdown] lang="en"
# ## 6 · Classes
# ### Twenty settings, one object
# A training has many settings. In a dictionary nobody notices a misspelt key; a class by hand needs an `__init__`, a comparison and a way to print it, and easily all its objects share one list.
# %% [markdown] lang="zh" tags=["question"] see="Settings"
# 写在类里的 `seeds = [0]` 属于谁？`a.seeds.append(1)` 之后，另一个对象的 `b.seeds` 是什么？`a.seeds = [5]` 之后呢？
# %% [markdown] lang="en" tags=["question"] see="Settings"
# What does `seeds = [0]`, written in a class, belong to? After `a.seeds.append(1)`, what is `b.seeds` of another object? And after `a.seeds = [5]`?
# %% [markdown] lang="zh" tags=["answer"]
# 属于类，所有对象共用：`b.seeds` 是 `[0, 1]`。
# `a.seeds = [5]` 在 `a` 自己身上造一个属性，挡住类的那个；`b.seeds` 还是 `[0, 1]`。读这样的属性，先看对象，再看类，再看父类；给 `a.seeds` 赋值，则写在 `a` 这个对象上。
# %% [markdown] lang="en" tags=["answer"]
# To the class, and all objects share it: `b.seeds` is `[0, 1]`.
# `a.seeds = [5]` makes an attribute on `a` itself, which hides the class's; `b.seeds` is still `[0, 1]`. Such an attribute is looked for on the object, then on its class, then on the parent classes; assigning to `a.seeds` writes to the object `a`.
# %% [markdown] lang="zh" tags=["question"] see="Settings"
# `class Linear(Module)` 里的 `super().__init__()` 做什么，忘了会怎样？子类和父类都有 `forward`，调用的是哪一个？继承与“里面放一个”各适合什么？
# %% [markdown] lang="en" tags=["question"] see="Settings"
# In `class Linear(Module)`, what does `super().__init__()` do, and what if you forget it? If child and parent both have `forward`, which is called? And when is it better to hold an object than to inherit from its class?
# %% [markdown] lang="zh" tags=["answer"]
# 它让父类做好自己那部分准备；忘了它，`nn.Module` 就没有放参数的字典，第一次把参数（`nn.Parameter`）赋给 `self.weight` 便报错。
# 调用对象自己的类里的那个；没有才往父类找。
# “是一种”就继承（`Linear` 是一种模块），“有一个”就放在属性里（网络有一个 `Linear`）。拿不准时，放在属性里。
# %% [markdown] lang="en" tags=["answer"]
# It lets the parent do its own part; without it an `nn.Module` has no dictionary for its parameters, and it is an error to assign the first one (an `nn.Parameter`) to `self.weight`.
# The one in the object's own class; only if there is none, the parent's.
# If it "is a", inherit (a `Linear` is a module); if it "has a", keep it in an attribute (a network has a `Linear`). In doubt, keep it in an attribute.
# %% [markdown] lang="zh" tags=["question"] see="Settings"
# `a + b`、`len(a)`、`a[i]`、`a == b`、`for x in a`、`a(x)`、`print(a)`、`with a` 背后各是哪个方法？
# %% [markdown] lang="en" tags=["question"] see="Settings"
# Which methods are behind `a + b`, `len(a)`, `a[i]`, `a == b`, `for x in a`, `a(x)`, `print(a)` and `with a`?
# %% [markdown] lang="zh" tags=["answer"]
# `__add__`、`__len__`、`__getitem__`、`__eq__`、`__iter__`、`__call__`、`__str__`（没有就用 `__repr__`）、`__enter__` 与 `__exit__`。
# `part3_backprop` 里 `a * b` 会记下计算图，就是靠改写 `__mul__`；`model(x)` 能运行钩子，因为 `__call__` 先做别的事，再调用 `forward`。
# %% [markdown] lang="en" tags=["answer"]
# `__add__`, `__len__`, `__getitem__`, `__eq__`, `__iter__`, `__call__`, `__str__` (or `__repr__` if there is none), `__enter__` with `__exit__`.
# In `part3_backprop` `a * b` records the graph because `__mul__` is redefined; `model(x)` can run hooks because `__call__` does other things before it calls `forward`.
# %%
if __name__ == "__main__":

    class Shared:
        seeds = [0]

        def __len__(self) -> int:
            return len(self.seeds)

        def __getitem__(self, i: int) -> int:  # a for loop uses it as well, if there is no __iter__: i = 0, 1, ...
            return self.seeds[i]

        def __add__(self, other: "Shared") -> list[int]:  # in quotes: the class isn't made yet
            return self.seeds + other.seeds

    a, b = Shared(), Shared()
    a.seeds.append(1)
    print(b.seeds, len(b), a == b)
    a.seeds = [5]
    print(a.seeds, b.seeds)
    print(b[1], [seed for seed in b], a + b)

    class Base:
        def __init__(self) -> None:
            self.hooks = ["hook"]

        def __call__(self, x: float) -> float:
            print(type(self).__name__, "calls", self.hooks)
            return self.forward(x)

        def forward(self, x: float) -> float:
            return x

    class Double(Base):  # inherits __init__ and __call__
        def forward(self, x: float) -> float:
            return 2 * x

    class Times(Base):
        def __init__(self, factor: float) -> None:
            self.factor = factor  # and no super().__init__()

    print(Double()(4))
    try:
        Times(3)(4)
    except AttributeError as error:
        print(error)

# %% [markdown] lang="zh"
# ### 让 Python 来写类
# 数据类（dataclass）：在 `class` 的上一行写 `@dataclass`，类里每行写一个带类型的字段，Python 就写出 `__init__`、`__repr__`（打印时的样子）和按字段比较的 `__eq__`。
# 默认值直接写成列表，会报 `ValueError`，因为所有对象会共用它；可变的默认值写成 `field(default_factory=list)`：每造一个对象，就调用一次。检查放在 `__post_init__` 里，它在 `__init__` 末尾被调用。
# 方法照常写。
# 由字段算出来的东西，写成一个只收 `self` 的方法，上面加 `@property`：读它像读字段，不写括号（如下一格的 `percent`）；每次读都现算，所以字段改了，它也不会过时。
# `dataclasses.replace(a, lr=0.1)` 造一个新对象，只换一项；其余字段装的还是*同一些*对象，是浅拷贝（第 1 节）。
# `@dataclass(frozen=True)` 造出的对象，再给字段赋值就报错。
# 好处是：训练到一半，若有哪一行想给设置重新赋值，当场就报错，所以开始时记下的就是实际跑的；要别的值，就用 `replace` 另造一个。
# 字段都能当字典的键，这样的对象也能，于是可以按设置存放结果。
# 它只管住字段这个名字：字段里若是列表，照样能往里添。
# %% [markdown] lang="en"
# ### Let Python write the class
# For a **dataclass** write `@dataclass` on the line above `class`, and inside the class one field with its type on each line; Python writes `__init__`, `__repr__` (what printing shows), and an `__eq__` that compares the fields.
# A list as a default is refused with a `ValueError`, as all objects would share it; a mutable default is written `field(default_factory=list)`: it is called once for each new object. Checks belong in `__post_init__`, which is called at the end of `__init__`.
# Methods are written as usual.
# For what follows from the fields, write a method of `self` alone under `@property`: it is read like a field, without parentheses (`percent` in the next cell); it is computed whenever it is read, so it is never out of date.
# `dataclasses.replace(a, lr=0.1)` makes a new object with one field changed; the other fields hold *the same* objects, so it is a shallow copy (section 1).
# With `@dataclass(frozen=True)`, assigning to a field of a finished object is an error.
# So a line that assigns to a setting in the middle of a training fails at once, and what was noted at its start is what ran; for other values make another object by `replace`.
# If all fields can be keys of a dictionary, such an object can, too, and results can be kept by their settings.
# Only the field's name is guarded: a list in a field can still be appended to.
# %%
if __name__ == "__main__":

    @dataclass
    class Point:
        x: float
        tags: list[str] = field(default_factory=list)

    p, q = Point(1.0), Point(1.0)
    p.tags.append("here")
    print(p, q, p == q, dataclasses.replace(q, x=2.0))

    @dataclass(frozen=True)
    class Fixed:
        lr: float = 0.1

        @property
        def percent(self) -> str:
            return f"{self.lr:.0%}"

    print(Fixed().percent, dataclasses.replace(Fixed(), lr=0.2).percent)
    accuracies = {Fixed(): 0.91, dataclasses.replace(Fixed(), lr=0.2): 0.88}
    print(accuracies[Fixed(lr=0.2)])  # an equal object finds the same entry
    try:
        Fixed().lr = 0.5  # type: ignore
    except dataclasses.FrozenInstanceError as error:
        print(type(error).__name__, error)


# %% [markdown] lang="zh"
# ### 练习 · 一次训练的设置 · 12 分钟
# 下面的类有三个毛病：所有对象共用一个 `seeds`；值都相同的两个对象不相等；打印出来看不到值。把它改成 `dataclass`，名字不变。
# 字段依次是 `lr`（默认 0.01）、`epochs`（训练几轮，默认 3；把训练数据全部过一遍叫一轮，epoch）、`seeds`（整数的列表，默认 `[0]`，每个对象自己的；给了空列表，就是空列表）；按位置、按名字都能给，`seeds` 也能给。
# 所有字段相等，两个对象就相等，有一个不同就不等；打印时看得见每个字段的名字和值，例如 `lr=0.5`；`dataclasses.replace` 能用，这时不合规矩的值也要查出来。
# `lr` 必须大于 0（`math.nan` 不大于 0），否则报 `ValueError`，错误信息里要有 `lr` 这个词。可不可以再改（`frozen`）随你。
# 它在哪里回来：`part2_cnns` 的 `TrainArgs`；`part4_experiments` 的设置还加了 `frozen=True`。
# %% [markdown] lang="en"
# ### Exercise · the settings of a training · 12 min
# The class below has three faults: all objects share one `seeds`; two objects of the same values aren't equal; printing one doesn't show its values. Make it a `dataclass` of the same name.
# Its fields are `lr` (by default 0.01), `epochs` (3; an epoch is one pass through all training data) and `seeds` (a list of integers, by default `[0]`, for each object its own; an empty list that is given stays empty), in this order; all can be given by position or by name, `seeds` as well.
# Two objects are equal if all fields are, and different if one differs; printing shows the name and value of each field, `lr=0.5` for instance; `dataclasses.replace` works, and finds values that break the rule, too.
# `lr` must be above 0 (`math.nan` isn't), else raise `ValueError`, with the word `lr` in its message. Whether an object can be changed afterwards (`frozen`) is up to you.
# Where it comes back: `TrainArgs` of `part2_cnns`; the settings of `part4_experiments` are `frozen=True` as well.
# %% exercise="Settings" kind="debug" difficulty=2 importance=4 minutes=12
class Settings:
    """The settings of a training."""

    seeds = [0]

    def __init__(self, lr: float = 0.01, epochs: int = 3) -> None:
        self.lr, self.epochs = lr, epochs


# solution
@dataclass
class SettingsMended:
    """`Settings` as a dataclass."""

    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise ValueError(f"lr={self.lr}: a learning rate is above 0, try 0.01")


Settings = SettingsMended  # type: ignore  # noqa: F811

if __name__ == "__main__":
    if tests.test_Settings(Settings):
        print(dataclasses.replace(Settings(epochs=5), lr=0.1))  # type: ignore

# %% [markdown] lang="zh" tags=["hint"]
# `seeds: list[int] = [0]` 会被 `@dataclass` 拒绝：用 `field(default_factory=...)`，给它一个不收参数、返回 `[0]` 的函数。
# %% [markdown] lang="en" tags=["hint"]
# `@dataclass` refuses `seeds: list[int] = [0]`: use `field(default_factory=...)` with a function that takes nothing and returns `[0]`.
# %% [markdown] lang="zh" tags=["hint"]
# 检查写在 `__post_init__(self)` 里；`replace` 会重新造一个对象，所以也会经过它。
# %% [markdown] lang="en" tags=["hint"]
# The check goes in `__post_init__(self)`; `replace` makes a new object, and so passes through it, too.
# %% [markdown] lang="zh"
# ## 7 · 图上的两个算法
# ### 一千万亿条路
# 计算图里，从输入到损失的路可以多得数不清，反向传播却很快。它靠的就是这一节的两个想法：算过的不再算，和排一个好顺序。
# 先看标准库里现成的东西；自己写之前，先想想它有没有。
# `import` 先到 `sys.modules` 里找，那是已经导入的模块的字典；没有，而且不是编在 Python 里面的（如 `sys`），才挨个到 `sys.path` 的文件夹里找，找到的文件从头运行一遍，记进字典；排在最前面的，是你运行的那个文件所在的文件夹。
# %% [markdown] lang="en"
# ## 7 · Two algorithms on graphs
# ### A million billion ways
# In a computational graph the ways from the input to the loss can be beyond counting, and yet backpropagation is fast. It rests on the two ideas of this section: don't compute anything twice, and find a good order.
# First, what the standard library has; before writing something, ask whether it is there already.
# An `import` first looks into `sys.modules`, a dictionary of what has been imported; if it isn't there, and isn't built into Python itself (as `sys` is), the folders of `sys.path` are searched in their order, and the file that is found is run from its beginning and entered in the dictionary; the first of these folders is that of the file you run.
# %% [markdown] lang="zh" tags=["question"] see="count_paths"
# `collections.Counter("banana").most_common(1)`、`collections.defaultdict(list)`、`itertools.product`、`itertools.islice`、`functools.partial`、`functools.cache` 各做什么？
# %% [markdown] lang="en" tags=["question"] see="count_paths"
# What do `collections.Counter("banana").most_common(1)`, `collections.defaultdict(list)`, `itertools.product`, `itertools.islice`, `functools.partial` and `functools.cache` do?
# %% [markdown] lang="zh" tags=["answer"]
# 数个数，并给出最多的：`[("a", 3)]`；键不在时就造一个空列表的字典；所有搭配（网格搜索就是它）；从迭代器里取一段；先填好几个参数，剩下的以后给；把函数的结果按参数记住。
# `pathlib` 管路径，`dataclasses` 造类，`math` 和 `random` 也在。`deque` 两头都能取，列表从头上取一个却要挪动所有其余的。
# %% [markdown] lang="en" tags=["answer"]
# It counts, and gives the most frequent: `[("a", 3)]`; a dictionary that makes an empty list for a missing key; all combinations (a grid search); a piece of an iterator; some arguments filled in now, the rest later; the results of a function remembered by its arguments.
# `pathlib` is for paths, `dataclasses` makes classes, and there are `math` and `random`. From a `deque` elements can be taken at both ends, while taking the first of a list moves all others.
# %% [markdown] lang="zh" tags=["question"] see="count_paths"
# `import torch`、`from torch import nn`、`from torch import *` 差在哪里？同一个模块导入两次，会执行两次吗？`if __name__ == "__main__":` 是干什么的？把自己的文件取名 `random.py` 会怎样？
# %% [markdown] lang="en" tags=["question"] see="count_paths"
# How do `import torch`, `from torch import nn` and `from torch import *` differ? If a module is imported twice, does it run twice? What is `if __name__ == "__main__":` for? And what if you call a file of your own `random.py`?
# %% [markdown] lang="zh" tags=["answer"]
# 名字不同：`torch.nn`、`nn`；星号把几百个名字倒进来，盖住 Python 自己的 `sum`、`max`，出了错很难看懂。
# 只执行一次，之后从 `sys.modules` 里取；所以改了文件，一般要重启内核才看得到。
# 直接运行文件时 `__name__` 是 `"__main__"`，被导入时是模块的名字：那下面的代码只在直接运行时执行，别的课才能导入你的函数而不必看你的图。
# 它会挡住标准库的 `random`：导入先看自己的文件夹，`torch` 因此可能导入不了。
# %% [markdown] lang="en" tags=["answer"]
# In the names: `torch.nn`, `nn`; the star pours in hundreds of names, which hide Python's own `sum` and `max` and make errors hard to understand.
# Once; afterwards it comes from `sys.modules`; so a change in the file usually shows only after the kernel is restarted.
# If a file is run, `__name__` is `"__main__"`, if it is imported, the module's name: the code below that line runs only when the file is run, so other lessons can import your functions without seeing your figures.
# It hides the standard library's `random`: an import looks in your own folder first, and importing `torch` may fail.
# %%
if __name__ == "__main__":
    print(collections.Counter("banana").most_common(1), list(itertools.product("ab", [1, 2])))
    groups = collections.defaultdict(list)
    for name, score in (("adam", 0.91), ("sgd", 0.88), ("adam", 0.93)):
        groups[name].append(score)
    print(dict(groups), functools.partial(int, base=2)("101"), __name__)
    print(sys.modules["functools"] is functools, "sys.path has", len(sys.path), "folders")


# %% [markdown] lang="zh" numbers="8 1024"
# ### 记忆化
# 一串菱形：从 0 出发，每到一个菱形都有上、下两条路，再合到一点。
# 走过 3 个菱形有 $2 \cdot 2 \cdot 2 = 8$ 条路，10 个有 1024 条，50 个就有一千万亿条：一条一条地数，每秒数一百万条，也要三十多年。
# 但是从某一点到终点的路数，只与那一点有关，算一次记住就够了：50 个菱形只有 151 个点。
# 斐波那契数也这样：`fib(n)` 调用 `fib(n - 1)` 和 `fib(n - 2)`，调用的次数是 1 加上那两次各自的；n 从 0 起，是 1、1、3、5、9、15……记住的话，每个 n 只算一次。
# 把函数的结果按参数记下来，叫记忆化（memoisation）；`functools.cache` 替你记。参数是一个字典的键，所以必须可哈希（hashable）：数、字符串和由它们组成的元组都行，列表不行。道理是字典按内容算出的哈希值（hash）找键：内容要是能变，放进去以后就再也找不到了。
# 能记的，只是“同样的参数总给同样的结果、别的什么也不做”的函数。不是这样的，各有各的坏处：
# - 结果还取决于随机数、时间、文件或全局变量：记住的会过时。
# - 为了它做的事（打印、写文件）才调用它：第二次就不做了。
# - 结果是列表这样能改的：记住的是那个对象，不是副本，谁改了它，下次拿到的就是改过的；所以返回元组这样不能改的，或者由调用的人先复制一份再改。
# `functools.cache` 记住的只增不减；`functools.lru_cache` 最多记 128 个（或者你写的 `maxsize`），多了就丢掉最久没用到的，别的都一样。
# 反向传播是同一回事：损失对一个节点的斜率，也是对许多条路求和（每条路贡献一项），每个节点只算一次。
# %% [markdown] lang="en" numbers="8 1024"
# ### Memoisation
# Take a chain of diamonds: starting from 0, each diamond offers an upper and a lower way, which then meet in one point.
# Through 3 diamonds there are $2 \cdot 2 \cdot 2 = 8$ ways, through 10 there are 1024, and through 50 a million billion: counted one by one, a million each second, they take more than thirty years.
# But the number of ways from a point to the end depends on that point only: compute it once and keep it, as 50 diamonds have just 151 points.
# Fibonacci numbers are a similar case: `fib(n)` calls `fib(n - 1)` and `fib(n - 2)`, so it takes 1 call more than those two together; from n = 0 on, that is 1, 1, 3, 5, 9, 15 calls, and so on. If results are kept, each n is computed once.
# Keeping the results of a function by its arguments is **memoisation**; `functools.cache` does it for you. The arguments are the keys of a dictionary, so they must be **hashable**: numbers, strings, and tuples of these are, lists are not. The reason: a dictionary finds a key by its hash, a number computed from its content; if the content could change, the key would never be found again.
# Only a function that always gives the same result for the same arguments, and does nothing else, may be memoised. Others suffer, each in its way:
# - The result also depends on random numbers, the time, files or global variables: what is kept goes out of date.
# - The function is called for something that it does (printing, writing a file): the second call does nothing.
# - The result can be changed, as a list can: what is kept is the object itself and not a copy, so whoever changes it changes what the next call gets; return what can't be changed, a tuple for instance, or let the caller copy it before a change.
# What `functools.cache` keeps only grows; `functools.lru_cache` keeps 128 results at most (or as many as you say by `maxsize`), drops the one that hasn't been used for the longest time, and otherwise works in the same way.
# Backpropagation is the same: the slope of the loss with respect to a node is a sum over many ways, too (each way adds one term), and each node is computed once.
# %%
def diamonds(n: int) -> dict[int, list[int]]:
    """A chain of n diamonds: which points follow a point; it begins at 0 and ends at 3n."""
    follows: dict[int, list[int]] = {}
    for first in range(0, 3 * n, 3):
        # `|=` puts the entries of the dictionary on the right into the one on the left
        follows |= {first: [first + 1, first + 2], first + 1: [first + 3], first + 2: [first + 3]}
    return follows


def walk_all(follows: Mapping[int, Sequence[int]], start: int, end: int) -> int:
    """The number of ways, each walked to its end."""
    return 1 if start == end else sum(walk_all(follows, after, end) for after in follows.get(start, ()))


if __name__ == "__main__":
    print([walk_all(diamonds(n), 0, 3 * n) for n in (1, 2, 3, 10)])

    @functools.cache
    def zeros(n: int) -> list[int]:
        print("computed", end=" ")
        return [0] * n

    zeros(2).append(9)
    print(zeros(2))  # not computed again, and changed


# %% [markdown] lang="zh"
# ### 练习 · 数一数有几条路 · 12 分钟
# `follows[node]` 列出从 `node` 一步能到的点（没有重复）；不在 `follows` 里的点，哪里也去不了。返回从 `start` 到 `end` 有几条不同的路；图里没有环（绕一圈回到原处的路）。
# `start` 就是 `end` 时是 1（一步也不走）；到不了就是 0。
# 例如 `{"x": ["a", "b"], "a": ["loss"], "b": ["a", "loss"]}`，从 `"x"` 到 `"loss"` 有 3 条：经 a，经 b，经 b 再经 a。
# 要评判的还有快慢：查看 `follows` 的次数不许超过 10 000，测试里的图至多 200 个点，有的从起点到不了终点；路数可以超过 2⁶⁰，要精确。两次调用互不相干：同样的点，换一个图，答案就不同。
# 它在哪里回来：`part3_backprop` 里沿所有路求和的链式法则。
# %% [markdown] lang="en"
# ### Exercise · count the ways · 12 min
# `follows[node]` lists the points that are one step from `node` (each once); from a point that isn't in `follows` nothing can be reached. Return how many different ways lead from `start` to `end`; the graph has no cycle (no way that comes back to where it was).
# If `start` is `end`, that is 1 (no step at all); if there is no way, 0.
# For example, in `{"x": ["a", "b"], "a": ["loss"], "b": ["a", "loss"]}` there are 3 ways from `"x"` to `"loss"`: by a, by b, and by b and then a.
# Speed is judged, too: `follows` may be looked at 10,000 times at most, and the test's graphs have up to 200 points, some of them with no way from the start to the end; the number may be above 2⁶⁰, and must be exact. Two calls have nothing to do with each other: for the same points another graph gives another answer.
# Where it comes back: the chain rule of `part3_backprop`, summed over all ways.
# %% exercise="count_paths" difficulty=3 importance=4 minutes=12
def count_paths(follows: Mapping[Any, Sequence], start: Any, end: Any) -> int:
    """The number of ways from `start` to `end`, each step to one of the points that follow."""

    # solution
    @functools.cache
    def ways_from(node: Any) -> int:
        if node == end:
            return 1
        return sum(ways_from(after) for after in follows.get(node, ()))

    return ways_from(start)


if __name__ == "__main__":
    if tests.test_count_paths(count_paths):
        print(f"{count_paths(diamonds(50), 0, 150):,} ways through 50 diamonds")

# %% [markdown] lang="zh" tags=["hint"]
# 从一个点到终点的路数，怎样由它后面各点的路数得到？
# %% [markdown] lang="en" tags=["hint"]
# How does the number of ways from a point follow from those of the points after it?
# %% [markdown] lang="zh" tags=["hint"]
# 在 `count_paths` *里面*写一个只收 `node` 的函数，加上 `@functools.cache`；写在外面，上一个图的答案会留到下一个图。
# %% [markdown] lang="en" tags=["hint"]
# *Inside* `count_paths`, write a function that takes only `node`, under `@functools.cache`; outside, the answers for one graph would be kept for the next.
# %% [markdown] lang="zh"
# ### 先穿袜子，后穿鞋
# 算一个节点之前，它要用的都得先算好。把所有节点排成一列，使每个都站在它需要的东西后面，叫拓扑序（topological order）。
# 递归（recursion），也就是函数调用自己，像上面的 `walk_all`，很好写，可是 Python 默认只许递归约 1000 层，计算图里若有一万个节点连成一串，就会报 `RecursionError`。
# 不用递归的办法像一张待办清单：数一数每个节点还差几样；不差的先排上；每排上一个，需要它的节点就各少差一样；哪个因此不差了，也排上去。
# 手算一遍：loss 要 h 和 y，h 要 x 和 w。一开始 x、w、y 不差；排上 x、w，h 就不差了；排上 h、y，loss 就不差了。
# 若排到最后还有节点没排上，它们就互相等着：有环，没有拓扑序。
# 递归的办法叫深度优先（depth-first）：先排好它需要的，再排自己。每个节点有三种状态：没开始、正在排、排好了；走到一个“正在排”的，就是环。
# %% [markdown] lang="en"
# ### Socks before shoes
# Before a node can be computed, all that it needs must be. A **topological order** puts the nodes in a row so that each stands after everything that it needs.
# **Recursion**, a function that calls itself as `walk_all` does above, is easily written, but by default Python allows only about 1000 levels of it, and a computational graph with a chain of ten thousand nodes ends in a `RecursionError`.
# Without recursion it goes like a to-do list: count for each node how many things it still lacks; those that lack nothing come first; each time a node joins the row, those that need it lack one thing less; a node that then lacks nothing joins the row, too.
# By hand: loss needs h and y, h needs x and w. At first x, w and y lack nothing; once x and w are in the row, h lacks nothing; once h and y are, loss lacks nothing.
# If nodes are left at the end, they wait for each other: there is a cycle, and no topological order.
# The recursive way is **depth-first**: first place what a node needs, then the node. Each node is new, begun or done; if you come to one that is begun, there is a cycle.
# %%
if __name__ == "__main__":
    needs = {"loss": ["h", "y"], "h": ["x", "w"]}
    print({name: len(before) for name, before in needs.items()})
    figures.order(needs, ["x", "w", "h", "y", "loss"]).show()


# %% [markdown] lang="zh" tags=["question"] see="topological_order"
# 上面的图有几种拓扑序？再加一条“x 需要 loss”，会怎样？
# %% [markdown] lang="en" tags=["question"] see="topological_order"
# How many topological orders has the graph above? And what if you add "x needs loss"?
# %% [markdown] lang="zh" tags=["answer"]
# 8 种：x 和 w 都在 h 前面，h 和 y 都在 loss 前面，所以 loss 总在最后。先排 x、w、h，y 可以插在四个位置之一（最前、两处中间、最后），x 和 w 又可以互换：$4 \cdot 2 = 8$。
# 加上那一条，就有了环：x 等 loss，loss 等 h，h 等 x，这三个谁也排不上。
# %% [markdown] lang="en" tags=["answer"]
# 8: x and w stand before h, and h and y before loss, so loss is always last. Put x, w, h in a row; y goes to one of the four places before, between and after them, and x and w may change places: $4 \cdot 2 = 8$.
# With it there is a cycle: x waits for loss, loss for h, h for x, and none of these three can go in the row.
# %% [markdown] lang="zh"
# ### 练习 · 拓扑序 · 20 分钟
# `needs[name]` 列出 `name` 需要的东西（没有重复）。返回所有名字的列表，每个都在它需要的后面；只在别人的列表里出现、不是键的名字，也要排进去；每个恰好一次。
# 例如 `{"loss": ["h", "y"], "h": ["x", "w"]}` 可以得到 `["x", "w", "y", "h", "loss"]`；合规矩的顺序都算对。空字典得到空列表。
# 有环就报 `ValueError`（自己需要自己，也是环），写一句话。一万个名字连成一串也要能排，而且一两秒内排好：不能递归一万层，也不能每排一个就把所有的再看一遍。
# 标准库的 `graphlib` 会做这件事，用它也算对；先自己写一遍。
# 它在哪里回来：`part3_backprop` 的 `topological_sort`，那里改用“从哪个节点出发、怎样找它的来源”来描述图。
# %% [markdown] lang="en"
# ### Exercise · topological order · 20 min
# `needs[name]` lists what `name` needs (each once). Return a list of all names, each after all that it needs; a name that occurs only in the lists of others, and is no key, belongs in it, too; each exactly once.
# For example, `{"loss": ["h", "y"], "h": ["x", "w"]}` may give `["x", "w", "y", "h", "loss"]`; every order that keeps the rule is right. An empty dictionary gives an empty list.
# If there is a cycle (what needs itself is one, too), raise `ValueError` with a sentence. A chain of ten thousand names must work, and within a second or two: no recursion of ten thousand levels, and no looking at all names again for each that is placed.
# `graphlib` of the standard library does this, and is accepted; write it yourself first.
# Where it comes back: `topological_sort` of `part3_backprop`, where a graph is given by a node to start from and a way to find its origins.
# %% exercise="topological_order" difficulty=4 importance=4 minutes=20
def topological_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """All names, each after those that it needs; ValueError if there is a cycle."""
    # solution
    users: dict[str, list[str]] = {name: [] for name in needs}
    for user, names in needs.items():
        for name in names:
            users.setdefault(name, []).append(user)
    lacks = {name: len(needs.get(name, ())) for name in users}
    order = [name for name, count in lacks.items() if count == 0]
    for name in order:  # it grows while it is walked through
        for user in users[name]:
            lacks[user] -= 1
            if lacks[user] == 0:
                order.append(user)
    if len(order) < len(users):
        waiting = sorted(name for name, count in lacks.items() if count)
        raise ValueError(f"topological_order: a cycle among {waiting[:5]}: take one of these needs out")
    return order


if __name__ == "__main__":
    if tests.test_topological_order(topological_order):
        plan = {"loss": ["h2", "y"], "h2": ["h1", "w2"], "h1": ["x", "w1"], "grad": ["loss"]}
        print(topological_order(plan))
        figures.order(plan, topological_order(plan)).show()

# %% [markdown] lang="zh" tags=["hint"]
# 除了“谁需要谁”，还要能很快地回答反过来的问题：谁需要*我*？先造这张表。
# %% [markdown] lang="en" tags=["hint"]
# Besides "who needs what" you must quickly answer the opposite: who needs *me*? Make that table first.
# %% [markdown] lang="zh" tags=["hint"]
# 再为每个名字记一个数：还差几样。差 0 样的放进列表，一个一个往后处理。
# %% [markdown] lang="en" tags=["hint"]
# For each name also keep a number: how many things it lacks. Those that lack 0 go in a list, which you work through one after the other.
# %% [markdown] lang="zh" tags=["hint"]
# 每处理一个，就把需要它的名字各减 1，减到 0 的添在列表末尾；最后列表的长度告诉你有没有环。
# %% [markdown] lang="en" tags=["hint"]
# For each one processed, subtract 1 from those that need it, and append those that reach 0; at the end the length of the list tells whether there is a cycle.
# %% [markdown] lang="zh"
# ### 想多练一些
# 这十二道之外，练手的地方很多。**LeetCode**（中文、英文，要网络）是面试题库：从“简单”里按题目类型挑（数组、图、哈希表，即字典和集合），一题卡 30 分钟就看题解，第二天不看再写一遍。
# **Project Euler**（英文，有中文译本）是数学题：从第 1 题往后做，每题要的是想法，蛮力往往算到天黑。
# 它们教的是算法，不是深度学习：对这门课，做到哈希表、前缀和、图的遍历就够了，别让它们挡住第 1 天。
# **Python 官方教程**（docs.python.org，有中文版）的第 4 到第 9 章，把前六节的大部分内容讲得更全（装饰器除外）；读完请回答：为什么字典的 `items()` 不是列表？
# %% [markdown] lang="en"
# ### To practise more
# Beyond these twelve there is much to practise on. **LeetCode** (Chinese and English, online) collects interview problems: choose "easy" ones by subject (arrays, graphs, and hash tables, which are dictionaries and sets); after 30 minutes without an idea read a solution, and write it again from memory the next day.
# **Project Euler** (English, with a Chinese translation) has mathematical problems: go on from number 1; each wants an idea, and brute force often takes far too long.
# They teach algorithms and not deep learning: for this course it is enough to come as far as hash tables, prefix sums and walks on graphs; don't let them keep you from day 1.
# Chapters 4 to 9 of **the Python tutorial** (docs.python.org, in English and Chinese) tell most of the first six sections more fully (not decorators); then say: why is `items()` of a dictionary no list?
# %% [markdown] lang="zh"
# ## 8 · 类型：会被检查的说明
# ### 一个等到第三个小时才出现的错误
# `mean("0.5")` 在调用处看不出毛病；训练跑了三小时，到记录平均损失那一行才报错。类型注解（annotation）把“要什么、给什么”写在函数头上，检查器不运行程序就能读它；编辑器里开着检查器的话，写下 `mean("0.5")` 的那一刻就有了红线。
# 下一格的 `mean` 有注解。先问：Python 自己会检查吗？
# %% [markdown] lang="en"
# ## 8 · Types: notes that are checked
# ### An error that waits for three hours
# `mean("0.5")` doesn't look wrong where it is called; the training runs for three hours, and fails at the line that records the mean loss. An annotation says at the head of a function what it wants and gives; a checker reads it without running the program, and in an editor with a checker there is a red line the moment you write `mean("0.5")`.
# In the next cell `mean` is annotated. The first question: does Python itself check?
# %% [markdown] lang="zh" tags=["question"] see="average"
# 先预测，再运行下一格：`mean` 标注的是列表和浮点数，`twice("ab")` 标注的是整数。Python 会报错吗，检查器会说什么？
# %% [markdown] lang="en" tags=["question"] see="average"
# Predict, then run the next cell: `mean` says list and float, and `twice("ab")` says integer. Does Python complain? And what does the checker say?
# %% [markdown] lang="zh" tags=["answer"]
# Python 不报错，`twice("ab")` 得到 `abab`：注解只是放在函数上的说明，Python 自己运行时不拿它来检查，除非你请人检查（下面的 `beartype`）。
# 类型检查器报一处错，就在 `twice("ab")` 这个调用：参数是 `str`，不是 `int`；`mean` 那一行没有错。
# %% [markdown] lang="en" tags=["answer"]
# Python doesn't, and `twice("ab")` is `abab`: annotations are notes on a function, and Python itself checks nothing by them at run time, unless you ask for it (`beartype`, below).
# The checker reports one error, in the call `twice("ab")`: its argument is a `str` and no `int`; the line with `mean` is fine.
# %%
SCRIPT = """
def twice(n: int) -> int:
    return n + n

def mean(xs: list[float]) -> float:
    return sum(xs) / len(xs)

mean([0.5, 1.5])
twice("ab")
"""

if __name__ == "__main__":

    def twice(n: int) -> int:
        return n + n

    print(twice("ab"))  # type: ignore
    for line, message in checker.errors_in(SCRIPT).items():
        print(f"line {line}: {message}")

# %% [markdown] lang="zh"
# ### 检查器的几条规矩
# 类型检查器（type checker）读源代码，不运行它；运行时检查（`beartype`）在调用的那一刻看真正的值。检查器看不见形状，但看得见每一处调用；运行时检查看得见形状，但只看得见真正发生的调用。
# Python 的类型属于对象，不属于名字，要到运行时才看：这是动态类型（dynamic typing）；运行之前就定下来的叫静态类型（static typing）。Python 又是强类型（strong typing）的：`"1" + 1` 会报错，不会悄悄把字符串转换成数（数之间会：`1 + 0.5` 是 1.5）。函数的注解本身不改变程序的运行，除非有代码去读它（如 `beartype`）。
# - `list[int]`、`dict[str, float]`、`tuple[int, ...]`（任意长）、`tuple[int, str]`（正好两个）：方括号里是里面装的东西。
# - `X | None`：一个 `X`，也可能没有；老写法是 `Optional[X]`。用之前必须先问 `is None`，检查器会跟着你的 `if` 走。
# - `int` 可以当 `float` 用。`Any` 表示“别查了”：它让一切通过，也就什么都保证不了。
# - `object` 与 `Any` 相反：同样什么都能传进来，拿到以后却只许做任何对象都能做的事（打印、`==`）；要做别的，先用 `isinstance(x, str)` 问清是什么，检查器也跟着这样的 `if` 走。
# - `Callable[[float], str]`：收一个 `float`、给一个 `str` 的函数。
# - `Sequence`、`Mapping`、`Iterable`（在 `collections.abc` 里）：依次只要求“能按下标取”“能按键取”“能遍历”；列表和元组都是 `Sequence`，也都是 `Iterable`，字典是 `Mapping`。参数只要求用得着的（`Sequence`），结果说得尽量具体（`list`）。
# %% [markdown] lang="en"
# ### Some rules of the checker
# A **type checker** reads source code and doesn't run it; a check at run time (`beartype`) looks at the actual values at the moment of a call. The first sees all calls and no shapes; the second sees shapes, and only calls that happen.
# In Python a type belongs to an object and not to a name, and is looked at only while the program runs: that is **dynamic typing**; with **static typing** it is settled before the program runs. Python also has **strong typing**: `"1" + 1` is an error, as a string isn't made a number in silence (between numbers that happens: `1 + 0.5` is 1.5). By themselves the annotations of a function don't change how a program runs, unless some code reads them, as `beartype` does.
# - `list[int]`, `dict[str, float]`, `tuple[int, ...]` (of any length), `tuple[int, str]` (exactly two): the brackets say what is inside.
# - `X | None`: an `X`, or nothing; the old form is `Optional[X]`. Ask `is None` before you use it, and the checker follows your `if`.
# - An `int` may serve as a `float`. `Any` means "don't check": everything passes, and so nothing is promised.
# - `object` is the opposite of `Any`: again anything may be passed in, but then only what every object can do is allowed (printing, `==`); for more, first ask `isinstance(x, str)`, and the checker follows such an `if`, too.
# - `Callable[[float], str]`: a function that takes a `float` and gives a `str`.
# - `Sequence`, `Mapping`, `Iterable` (in `collections.abc`): they ask only for "can be indexed", "can be looked up by key" and "can be walked through"; lists and tuples are both a `Sequence` and an `Iterable`, and a dictionary is a `Mapping`. Ask of a parameter only what you use (`Sequence`), and say exactly what you return (`list`).
# %% [markdown] lang="zh" tags=["question"] see="average"
# `epochs: list[int] = [1, 2]`，参数标注为 `list[float]`：检查器让不让 `epochs` 进来？整数不是可以当浮点数用吗？
# %% [markdown] lang="en" tags=["question"] see="average"
# With `epochs: list[int] = [1, 2]` and a parameter annotated `list[float]`: does the checker let `epochs` in? May not an integer serve as a float?
# %% [markdown] lang="zh" tags=["answer"]
# 不让。函数可以往 `list[float]` 里添 0.5，那么 `epochs` 就不再是整数的列表了：能改的容器，里面的类型必须*一模一样*，这叫不变（invariance）。
# `Sequence[float]` 只许读，所以 `list[int]` 可以进来。
# %% [markdown] lang="en" tags=["answer"]
# It doesn't. A function may append 0.5 to a `list[float]`, and then `epochs` would be no list of integers any more: for a container that can be changed, the type inside must be *exactly* the same, which is called invariance.
# A `Sequence[float]` can only be read, so a `list[int]` may come in.
# %%
VARIANCE = """
from collections.abc import Sequence

def grow(xs: list[float]) -> None:
    xs.append(0.5)

def total(xs: Sequence[float]) -> float:
    return sum(xs)

epochs: list[int] = [1, 2]
total(epochs)
grow(epochs)
"""

if __name__ == "__main__":
    for line, message in checker.errors_in(VARIANCE).items():
        print(f"line {line}: {message}")


# %% [markdown] lang="zh"
# ### 能改的，就得一模一样
# `grow` 往列表里添了一个 0.5：如果放 `epochs` 进来，它就不再是整数的列表了。
# 所以能改的容器，里面的类型必须完全相同：`list[int]` 不是 `list[float]`，这叫不变（invariance）。只能读的 `Sequence[float]` 没有这个危险，收 `list[int]`。
# 还有一个陷阱：字符串也是 `Sequence[str]`，里面的每个字符都是字符串；要的是一串名字，写 `list[str]` 更安全。
# %% [markdown] lang="en"
# ### What can change must match exactly
# `grow` appends a 0.5: if `epochs` were let in, it would be no list of integers any more.
# So in a container that can be changed the type inside must be exactly the same: a `list[int]` is no `list[float]`, which is called invariance. A `Sequence[float]`, which can only be read, has no such danger and takes a `list[int]`.
# There is one more trap: a string is a `Sequence[str]`, too, as each of its characters is a string; for a row of names `list[str]` is safer.
# %% [markdown] lang="zh"
# ### 怎样评判
# 下面四个函数的函数体是对的，只缺注解：直接在函数头上写，函数体和名字不动。
# 测试用真正的检查器（basedpyright，basic 模式：只报明显的错，比默认宽）读你的函数，外加几行对的调用和几行错的调用。
# 对的必须通过，错的必须被拦下，函数自己也不许有错。
# 检查器没有装好时，只评判运行时的那一半，并告诉你怎样装。
# 运行时的那一半用 jaxtyping 和 `beartype`，在这里 `int` 也可以当 `float` 用。注解要用的东西，在格子里自己导入也行；怎样写都可以，只看拦没拦对。
# 一次检查要几秒钟。
# %% [markdown] lang="en"
# ### How it is judged
# The bodies of the four functions below are right; only their annotations are missing: write them at the head of the function, and leave body and name as they are.
# The test lets a real checker (basedpyright in its basic mode, which is milder than its default) read your function with some right calls and some wrong ones.
# The right must pass, the wrong must be stopped, and the function itself must be without error.
# If the checker isn't installed, only the half at run time is judged, and you are told how to install it.
# The half at run time is jaxtyping with `beartype`, and here, too, an `int` may serve as a `float`. Import what your annotations need, in the cell itself if you like; any form is accepted if the right calls pass and the wrong ones are stopped.
# A check takes a few seconds.
# %% [markdown] lang="zh"
# ### 练习 · 平均损失 · 10 分钟
# 标注 `average`：它收一串数，返回浮点数。
# 必须让进来的：浮点数的列表和元组，还有类型是 `list[int]` 的变量；返回的可以当 `float` 用。
# 必须拦下的：字符串，字符串的列表，单独一个数，`None`；把结果当 `str` 用；运行时，一个返回字符串的函数体。
# 它在哪里回来：每一课的函数头。
# %% [markdown] lang="en"
# ### Exercise · the average loss · 10 min
# Annotate `average`, which takes a row of numbers and returns a float.
# It must let in: lists and tuples of floats, and a variable of type `list[int]`; what it returns can be used as a `float`.
# It must stop: a string, a list of strings, a single number, `None`; the use of its result as a `str`; and at run time, a body that returns a string.
# Where it comes back: at the head of each function of the course.
# %% exercise="average" kind="debug" difficulty=2 importance=4 minutes=10
def average(losses):
    """The mean of `losses`, which has at least one element."""
    return sum(losses) / len(losses)


# solution
def average_typed(losses: Sequence[float]) -> float:
    """The mean of `losses`, which has at least one element."""
    return sum(losses) / len(losses)


average = average_typed  # noqa: F811

if __name__ == "__main__":
    tests.test_average(average)


# %% [markdown] lang="zh" tags=["hint"]
# 列表、元组都能进来，只读不改：哪个名字只要求“能排着取、知道长度”？
# %% [markdown] lang="en" tags=["hint"]
# Lists and tuples come in and are only read: which name asks for no more than "indexed in order, of known length"?
# %% [markdown] lang="zh" tags=["hint"]
# 函数体里用了 `len`，所以 `Iterable` 不够；里面装的是 `float`（整数也就可以了）。
# %% [markdown] lang="en" tags=["hint"]
# The body uses `len`, so an `Iterable` isn't enough; inside are `float` (and so integers are fine).
# %% [markdown] lang="zh"
# ### 练习 · 也许没有 · 10 分钟
# 标注 `best`：它收一个“名字对准确率”的字典，返回准确率最高的名字；字典为空就返回 `None`。
# 必须让进来的：`dict[str, float]` 的字典，空的也行；结果可以当 `str | None` 用。
# 必须拦下的：名字的列表，键不是字符串的字典，值是字符串的字典，`None`；把结果直接当 `str` 用（它可能是 `None`），或当 `float` 用；运行时，一个返回整数的函数体。
# 它在哪里回来：`part4_experiments` 里挑最好的一次运行，那时也可能一次都没有。
# %% [markdown] lang="en"
# ### Exercise · perhaps there is none · 10 min
# Annotate `best`, which takes a dictionary from names to accuracies and returns the name of the highest; for an empty one it returns `None`.
# It must let in: dictionaries that are `dict[str, float]`, also empty ones; its result can be used as `str | None`.
# It must stop: a list of names, a dictionary whose keys aren't strings, one whose values are strings, `None`; the use of its result as a `str` straight away (it may be `None`), or as a `float`; and at run time, a body that returns an integer.
# Where it comes back: choosing the best run in `part4_experiments`, where there may be none as well.
# %% exercise="best" kind="debug" difficulty=2 importance=4 minutes=10
def best(accuracies):
    """The name of the highest accuracy; None if there are none."""
    if not accuracies:
        return None
    return max(accuracies, key=lambda name: accuracies[name])


# solution
def best_typed(accuracies: Mapping[str, float]) -> str | None:
    """The name of the highest accuracy; None if there are none."""
    if not accuracies:
        return None
    return max(accuracies, key=lambda name: accuracies[name])


best = best_typed  # noqa: F811

if __name__ == "__main__":
    tests.test_best(best)

# %% [markdown] lang="zh" tags=["hint"]
# 两个 `return` 各返回什么类型？合起来怎样写？
# %% [markdown] lang="en" tags=["hint"]
# What type does each of the two `return` give? How do you write both together?
# %% [markdown] lang="zh" tags=["hint"]
# 字典的键和值各写一个类型，方括号里先写键的类型，后写值的类型；容器是 `dict` 或 `Mapping`。
# %% [markdown] lang="en" tags=["hint"]
# A dictionary names the types of key and value, in the brackets, the key's first; the container is a `dict` or a `Mapping`.
# %% [markdown] lang="zh"
# ### 类型之间的联系
# `first(xs)` 返回列表的第一个：给整数的列表就得到整数，给字符串的就得到字符串。写 `Any` 太松，写 `float` 太紧；要说的是“两处是*同一个*类型，是什么由调用决定”。
# 这就是类型变量（type variable）：`T = TypeVar("T")`（开头的格子里有一个），在同一个函数头里写几次 `T`，就是同一个类型。Python 3.12 起也可以写 `def first[T](xs: list[T]) -> T:`。
# %% [markdown] lang="en"
# ### How types are connected
# `first(xs)` returns the first of a list: an integer from a list of integers, a string from a list of strings. `Any` is too loose, `float` too tight; what is meant is "in both places *the same* type, and the call decides which".
# That is a **type variable**: `T = TypeVar("T")` (there is one in the lesson's first cell), and wherever one function head says `T`, it is the same type. From Python 3.12 on you may also write `def first[T](xs: list[T]) -> T:`.
# %%
VARIABLE = """
from typing import Any, TypeVar
T = TypeVar("T")

def first(xs: list[T]) -> T:
    return xs[0]

def loose(xs: list[Any]) -> Any:
    return xs[0]

number: int = first([1, 2])
word: str = first([1, 2])
lost: str = loose([1, 2])
"""

if __name__ == "__main__":
    for line, message in checker.errors_in(VARIABLE).items():
        print(f"line {line}: {message}")


# %% [markdown] lang="zh" tags=["question"] see="repeat"
# 上一格里，哪一行有错，哪一行有错却没有人说？
# %% [markdown] lang="en" tags=["question"] see="repeat"
# In the cell above, which line is reported, and which is wrong without being reported?
# %% [markdown] lang="zh" tags=["answer"]
# `word` 那一行被拦下：`T` 是 `int`，结果不能当 `str`。
# `lost` 那一行一样错，可是 `Any` 让检查器不再过问：错误要到运行、甚至运行之后很久才露出来。
# %% [markdown] lang="en" tags=["answer"]
# The line of `word` is stopped: `T` is `int`, and the result is no `str`.
# The line of `lost` is as wrong, but `Any` keeps the checker from asking: the error shows at run time, or long after it.
# %% [markdown] lang="zh"
# ### 练习 · 走许多步 · 15 分钟
# 标注 `repeat`：它从 `state` 出发，把 `step` 用 `times` 次，返回最后的状态。`step` 收什么类型，就返回什么类型，状态也是这个类型，是什么由调用决定。
# 必须让进来的：`step` 收 `float` 给 `float`、状态 8.0，结果当 `float`；`step` 收 `str` 给 `str`、状态 `"ab"`，结果当 `str`。
# 必须拦下的：收 `float` 的 `step` 配字符串的状态，收 `str` 的配数；收 `str` 却给 `int` 的 `step`；`step` 和 `state` 颠倒；`times` 是字符串或 2.5；第一种调用的结果当 `str` 用。
# 运行时只评判：对的两种，以及拦下颠倒的和 `times` 不对的。
# 它在哪里回来：训练循环（如 `part4_optimization` 的 `opt_fn`）就是这个样子：状态是参数，`step` 是优化器的一步。
# %% [markdown] lang="en"
# ### Exercise · many steps · 15 min
# Annotate `repeat`: beginning at `state`, it applies `step` `times` times, and returns the last state. Whatever type `step` takes, it returns that type, and the state is of it, too; the call decides which it is.
# It must let in: a `step` from `float` to `float` with the state 8.0, the result used as a `float`; a `step` from `str` to `str` with the state `"ab"`, the result used as a `str`.
# It must stop: a `step` for `float` with a string as state, one for `str` with a number; a `step` from `str` to `int`; `step` and `state` swapped; `times` a string, or 2.5; the use of the first result as a `str`.
# At run time only this is judged: the two right calls, and that the swapped ones and the wrong `times` are stopped.
# Where it comes back: a training loop (`opt_fn` of `part4_optimization`, for instance) has this form: the state is the parameters, and `step` is one step of the optimiser.
# %% exercise="repeat" kind="debug" difficulty=3 importance=3 minutes=15
def repeat(step, state, times):
    """The state after `times` steps."""
    for _ in range(times):
        state = step(state)
    return state


# solution
def repeat_typed(step: Callable[[T], T], state: T, times: int) -> T:
    """The state after `times` steps."""
    for _ in range(times):
        state = step(state)
    return state


repeat = repeat_typed  # noqa: F811

if __name__ == "__main__":
    tests.test_repeat(repeat)

# %% [markdown] lang="zh" tags=["hint"]
# 哪四处是同一个类型？它要不要事先定下来？
# %% [markdown] lang="en" tags=["hint"]
# In which four places is it the same type? Must it be fixed beforehand?
# %% [markdown] lang="zh" tags=["hint"]
# `Callable[[...], ...]` 里先写收什么，后写给什么：两处都写类型变量。
# %% [markdown] lang="en" tags=["hint"]
# In `Callable[[...], ...]` what is taken comes first, and then what is given: write the type variable in both places.
# %% [markdown] lang="zh"
# ### 形状：检查器看不见的
# `Float[Tensor, "n d"]` 在类型检查器眼里就是 `Tensor`：它知道列表不行，不知道 (5, 2) 与 (3, 4) 配不上。
# 形状要等运行时才有，所以由 `jaxtyped(typechecker=beartype)` 检查：同一次调用里，同一个名字（如 `d`）必须是同一个长度。下一格，同样的注解，各看见各的错。
# 引号里一个词是一个轴。
# `*batch` 代表任意多个轴，一个没有也行：`"*batch d"` 要求至少有最后一个轴；空的 `""` 是一个轴也没有，即单独一个数（形状是 `()`，不是 `(1,)`）。
# %% [markdown] lang="en"
# ### Shapes: what the checker can't see
# To a type checker `Float[Tensor, "n d"]` is just a `Tensor`: it knows that a list won't do, and doesn't know that (5, 2) doesn't go with (3, 4).
# Shapes exist only at run time, so `jaxtyped(typechecker=beartype)` checks them: within one call the same name (such as `d`) is the same length. In the next cell, the same annotations, and each sees its own errors.
# In the quotes, each word is an axis.
# `*batch` stands for any number of axes, even none: `"*batch d"` asks only for a last axis; the empty `""` is no axis at all, a single number (which has the shape `()`, and not `(1,)`).
# %%
SHAPES = """
import torch
from jaxtyping import Float
from torch import Tensor

def dot(a: Float[Tensor, " d"], b: Float[Tensor, " d"]) -> Float[Tensor, ""]:
    return (a * b).sum()

dot([1.0], [2.0])
dot(torch.zeros(2), torch.zeros(3))
"""

if __name__ == "__main__":
    print("checker:", sorted(checker.errors_in(SHAPES)))

    # is_pep484_tower: an int may serve as a float
    @jaxtyped(typechecker=beartype(conf=BeartypeConf(is_pep484_tower=True)))
    def dot(a: Float[Tensor, " d"], b: Float[Tensor, " d"]) -> Float[Tensor, ""]:
        return (a * b).sum()

    try:
        dot(torch.zeros(2), torch.zeros(3))
    except TypeError as error:
        print("at run time:", type(error).__name__)
    print([isinstance(torch.zeros(shape), Float[Tensor, "*batch d"]) for shape in ((4, 7, 2), (2,), ())])  # type: ignore


# %% [markdown] lang="zh"
# ### 练习 · 到每个中心的距离 · 12 分钟
# 标注 `distances`：`points` 是 n 个 d 维的点，`centres` 是 k 个 d 维的中心；结果第 i 行第 j 列，是第 i 个点到第 j 个中心的距离。都是浮点数的张量，float32 和 float64 都行。
# 例如 5 个点、3 个中心，d 是 2：形状 (5, 2) 和 (3, 2) 进来，(5, 3) 出去；只有一个点、一个中心也行。
# 检查器必须拦下：用列表代替张量；把结果当 `float` 用。
# 运行时必须拦下：两边的 d 不同；只有一个轴的 `points` 或 `centres`；整数的张量；NumPy 数组；返回转置、少一个轴、列数不对、或整数的函数体。
# 它在哪里回来：课程里收发张量的函数大多这样标注形状，测试也真的检查。
# %% [markdown] lang="en"
# ### Exercise · the distance to each centre · 12 min
# Annotate `distances`: `points` are n points with d coordinates, `centres` are k centres with d coordinates; the result holds in row i and column j the distance of point i to centre j. All are tensors of floats, float32 as well as float64.
# For example, 5 points and 3 centres with d of 2: the shapes (5, 2) and (3, 2) come in, and (5, 3) goes out; a single point and a single centre are fine, too.
# The checker must stop: a list in place of a tensor; the use of the result as a `float`.
# At run time it must stop: different d on the two sides; `points` or `centres` with one axis; tensors of integers; NumPy arrays; and a body that returns the transpose, one axis too few, another number of columns, or integers.
# Where it comes back: most functions of the course that take or return tensors have their shapes annotated like this, and the tests do check them.
# %% exercise="distances" kind="debug" difficulty=2 importance=5 minutes=12
def distances(points, centres):
    """The distance of each point to each centre."""
    return (points[:, None] - centres).norm(dim=-1)


# solution
def distances_typed(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]) -> Float[Tensor, "n k"]:
    """The distance of each point to each centre."""
    return (points[:, None] - centres).norm(dim=-1)


distances = distances_typed  # noqa: F811

if __name__ == "__main__":
    if tests.test_distances(distances):
        print(tuple(distances(torch.randn(5, 2), torch.randn(3, 2)).shape))

# %% [markdown] lang="zh" tags=["hint"]
# 哪几个长度必须相同？相同的用同一个名字，不同的用不同的名字。
# %% [markdown] lang="en" tags=["hint"]
# Which lengths must be equal? Give those the same name, and different names to the others.
# %% [markdown] lang="zh" tags=["hint"]
# 参数写成 `Float[Tensor, "..."]` 的样子，引号里是两个轴的名字；结果的两个轴，一个来自 `points`，一个来自 `centres`。
# %% [markdown] lang="en" tags=["hint"]
# A parameter has the form `Float[Tensor, "..."]`, with the names of two axes in the quotes; of the result's two axes one comes from `points`, and one from `centres`.
# %% [markdown] lang="zh" tags=["question"] see="distances"
# 为什么不能只靠其中一种检查？各举一个只有它能发现的错误。
# %% [markdown] lang="en" tags=["question"] see="distances"
# Why isn't one of the two checks enough? Name for each an error that only it can find.
# %% [markdown] lang="zh" tags=["answer"]
# 检查器：一条很少走到的分支里，把 `str` 传给 `int`，不运行也看得见；漏问了 `None`，也只有它能在真的来一个 `None` 之前就说出来。
# 运行时：形状对不上，dtype 不对，从文件里读来的东西与注解不符：写代码的时候还没有这些值。
# 两者都不管值对不对：平均写成了中位数，类型完全正确。那要靠测试（`part0_debugging`）。
# %% [markdown] lang="en" tags=["answer"]
# The checker: a `str` passed for an `int` on a branch that is hardly ever taken, which it sees without running it; and it alone tells you that you forgot to ask for `None` before a `None` has come.
# At run time: shapes that don't match, a wrong dtype, data from a file that isn't what the annotation says; these values don't exist while the code is written.
# Neither cares whether the values are right: a median in place of a mean has perfect types. For that there are tests (`part0_debugging`).
# %% [markdown] lang="zh"
# ## 9 · 它们在哪里回来
# 现在你会：让默认值不记仇，让闭包各记各的，一批一批地取数据，把错误写成一句有用的话，暂时改一个属性，不用递归地排出拓扑序；还会在函数头上写下检查器读得懂的类型。
# 第 1 到第 5 天处处会遇到它们：`DataLoader` 像生成器那样一批一批地给数据，`TrainArgs` 是数据类，钩子常常是闭包，`torch.no_grad()` 是上下文管理器，反向传播是记忆化加拓扑序。
# 深入读：**mypy 的类型速查表**（mypy.readthedocs.io，英文）列出常用的写法；**jaxtyping 文档的 “Array annotations”**（英文）列出形状的写法。读完请回答：怎样标注“最后一个轴比 n 大 1”？
# 合上书，试着说出：`is` 与 `==`；默认值何时算；闭包记住的是什么；迭代器为什么只能走一遍；`for` 的 `else` 何时执行；好的错误说哪三件事；`list[int]` 为什么不是 `list[float]`；形状为什么要等到运行时。
# %% [markdown] lang="en"
# ## 9 · Where they come back
# You can now keep defaults from remembering, give each closure its own value, take data batch by batch, turn an error into a sentence that helps, change an attribute for a while, and find a topological order without recursion; and you can write types that a checker reads at the head of a function.
# You meet them all through days 1 to 5: `DataLoader` gives its data batch by batch as a generator does, `TrainArgs` is a dataclass, hooks are often closures, `torch.no_grad()` is a context manager, and backpropagation is memoisation with a topological order.
# To go deeper: **the type hints cheat sheet of mypy** (mypy.readthedocs.io, in English) lists the common forms; **"Array annotations" in the documentation of jaxtyping** (in English) lists those of shapes. Then say: how do you annotate a last axis of length n plus 1?
# Without looking up, try to say: `is` and `==`; when a default is computed; what a closure keeps; why an iterator can be walked through only once; when the `else` of a `for` runs; which three things a good error says; why a `list[int]` is no `list[float]`; why shapes have to wait for run time.
