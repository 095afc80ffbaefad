# %% [markdown] lang="zh" order=1
# # 第 3 天 · 反向传播
#
# 这一课你用 NumPy 写出自己的自动求导引擎：往前算时它记下每个数是怎么来的，往回走时它把损失对每个参数的斜率一次全部求出来。
# 写完以后，`loss.backward()` 对你不再是黑箱；下一课就用它训练网络。
#
# **先修**：`part0_tensors`（梯度、叶子、广播）、`part0_chance`（链式法则）。
# **时间**：约四小时；第 3 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint backprop`，自测用 `coach questions`。
#
# 所有练习共有的规矩：输入的数组不许改动（第 7 节的 `add_` 是例外）；`float32` 进就 `float32` 出，`float64` 也一样；没有轴的数组、长度为 0 的轴、内存不连续的数组都要对。
# 结果没有轴时，返回数组或 NumPy 的数都行；结果可以只读，也可以与别的数组共用内存，除非练习另有说明。可以放心假定：一次调用里的数组类型相同，所有的值都有限。这里没写到的情形不评判，变量名和写法随你。
# 这一课只需要 NumPy。
# %% [markdown] lang="en" order=1
# # Day 3 · backpropagation
#
# In this lesson you write your own engine for derivatives, in NumPy: on the way forward it notes how each number came about, and on the way back it finds the slopes of the loss at all parameters at once.
# When it is done, `loss.backward()` is no black box any more; the next lesson trains networks with it.
#
# **You need** `part0_tensors` (gradients, leaves, broadcasting) and `part0_chance` (the chain rule).
# **Time**: about four hours; after section 3 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint backprop` helps when you are stuck, `coach questions` asks the self-check.
#
# The rules for all exercises: the arrays that come in stay unchanged (section 7's `add_` is an exception); `float32` in gives `float32` out, and the same goes for `float64`; arrays without axes, axes of length 0 and arrays that aren't contiguous in memory work too.
# A result without axes may be an array or one of NumPy's numbers; a result may be read-only, or share memory with other arrays, unless an exercise says otherwise. You may rely on this: within one call all arrays have one dtype, and all values are finite. Cases not described here aren't judged; names of variables and style are up to you.
# All you need here is NumPy.
# %%
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from part3_backprop import figures, tests

Array = Float[Any, "..."]  # an array; or a number of NumPy's, which it makes of a result without axes
Number = int | float


# %% [markdown] lang="zh" tags=["question"] see="part0_tensors.predict_gradients"
# 先回想 `part0_tensors`，不要翻看：`backward()` 之后，哪些张量有 `.grad`？连着调用两次 `backward()`，它里面是什么？
# %% [markdown] lang="en" tags=["question"] see="part0_tensors.predict_gradients"
# From `part0_tensors`, without looking up: which tensors have a `.grad` after `backward()`? And what does it hold after two calls of `backward()`?
# %% [markdown] lang="zh" tags=["answer"]
# 要求梯度、又参与了这次计算的叶子（你亲手造的、`requires_grad=True` 的张量）才有；算出来的中间结果默认没有。
# 连着调用两次，里面是两次的斜率之和。今天你要自己写出这两条规矩，而且会看到它们为什么必须如此。
# %% [markdown] lang="en" tags=["answer"]
# Leaves (tensors that you made) that have `requires_grad=True` and were used in the computation; by default the results on the way have none.
# After two calls it holds the slopes of both, added. Today you write these two rules yourself, and see why they have to be so.
# %% [markdown] lang="zh" numbers="4810 54"
# ## 1 · 一张五个节点的图
# ### 一次只问一个参数，太贵
#
# 想让损失变小，就要知道每个参数的斜率：参数变大一点点，损失变多少，两者之比。
# 最直接的办法是试：把一个参数拧大一点点，从头再算一遍损失。
# 64 个输入、64 个隐藏单元、10 个输出的网络有 $64 \cdot 64 + 64 + 64 \cdot 10 + 10 = 4810$ 个参数：走一步，要算 4811 遍损失。
# 这一课的办法只要往前算一遍、往回走一遍，总共大约相当于往前算三遍，参数再多也是如此。
#
# 先从小得可以心算的例子开始：$c = a \cdot b$，$d = a + c$，$L = c \cdot d$。
# 在 $a = 3$、$b = 2$ 处：$c = 6$，$d = 9$，$L = 54$。
# %% [markdown] lang="en" numbers="4810 54"
# ## 1 · A graph of five nodes
# ### One parameter at a time is too expensive
#
# To make a loss smaller you need the slope at each parameter: turn the parameter up by a little, see by how much the loss changes, and divide.
# The direct way is to try: turn one parameter, and compute the loss again from the beginning.
# A network with 64 inputs, 64 hidden units and 10 outputs has $64 \cdot 64 + 64 + 64 \cdot 10 + 10 = 4810$ parameters: for one step the loss must be computed 4811 times.
# The method of this lesson takes one pass forward and one back, together about as much as three passes forward, however many parameters there are.
#
# Begin with an example that is small enough to work out in your head: $c = a \cdot b$, $d = a + c$, $L = c \cdot d$.
# At $a = 3$ and $b = 2$ that gives $c = 6$, $d = 9$, $L = 54$.
# %%
def five_nodes(a: float, b: float) -> float:
    c = a * b
    d = a + c
    return c * d


if __name__ == "__main__":
    nudge = 1e-6
    print("parameters:", 64 * 64 + 64 + 64 * 10 + 10, " L:", five_nodes(3, 2))
    print(f"slope at a: {(five_nodes(3 + nudge, 2) - five_nodes(3, 2)) / nudge:.2f}")
    print(f"slope at b: {(five_nodes(3, 2 + nudge) - five_nodes(3, 2)) / nudge:.2f}")

# %% [markdown] lang="zh" numbers="45 36"
# ### 往回走
#
# 把计算画成图：每个数是一个节点（node），箭头从用到的数指向算出的数。
# 每条箭头有自己的斜率，只看这一步就知道：$d = a + c$ 对 $c$ 的斜率是 1，$L = c \cdot d$ 对 $c$ 的斜率是另一个因子 $d = 9$。
#
# 从 $L$ 出发往回走。“$L$ 对这个节点的斜率”记在节点上；$L$ 对自己的斜率是 1。
# 走过一条箭头就乘上它的斜率，这是链式法则；一个节点有几条箭头出去，就把几条路送来的*加*起来，因为拧它一下，几条路上的数都跟着变。
#
# | 节点 | 从哪里送来 | 斜率 |
# |---|---|---|
# | $L$ | 起点 | 1 |
# | $d$ | $L$：$1 \cdot c$ | 6 |
# | $c$ | $L$：$1 \cdot d = 9$；$d$：$6 \cdot 1 = 6$ | 15 |
# | $b$ | $c$：$15 \cdot a$ | 45 |
# | $a$ | $c$：$15 \cdot b = 30$；$d$：$6 \cdot 1 = 6$ | 36 |
#
# 一个节点有两条以上的箭头出去，叫分叉（fan-out）：这里是 $a$ 和 $c$。
# 从结果出发，逐个节点往回算斜率，叫反向传播（backpropagation）。
# %% [markdown] lang="en" numbers="45 36"
# ### The way back
#
# Draw the computation as a graph: each number is a **node**, and an arrow leads from each number that is used to the number it makes.
# Each arrow has a slope of its own, which you can tell from that step alone: $d = a + c$ has slope 1 at $c$, and the slope of $L = c \cdot d$ at $c$ is the other factor, $d = 9$.
#
# Start at $L$ and walk back. Each node gets a number, the slope of $L$ at this node; the slope of $L$ at itself is 1.
# Along an arrow, multiply by the arrow's slope: that is the chain rule. Where several arrows leave a node, *add* what comes back along them, since turning that node changes the numbers on all of these paths.
#
# | node | what comes back | slope |
# |---|---|---|
# | $L$ | the start | 1 |
# | $d$ | from $L$: $1 \cdot c$ | 6 |
# | $c$ | from $L$: $1 \cdot d = 9$; from $d$: $6 \cdot 1 = 6$ | 15 |
# | $b$ | from $c$: $15 \cdot a$ | 45 |
# | $a$ | from $c$: $15 \cdot b = 30$; from $d$: $6 \cdot 1 = 6$ | 36 |
#
# A node that several arrows leave has **fan-out**: here $a$ and $c$ do.
# To compute slopes from the result back, node by node, is called **backpropagation**.
# %% [markdown] lang="zh" tags=["question"] see="backprop"
# 先预测，再运行下一格：如果 $c$ 太心急，$d$ 那边的 6 还没送到，就把手里的 9 往下传，$a$ 和 $b$ 的斜率会变成多少？
# %% [markdown] lang="en" tags=["question"] see="backprop"
# Predict, then run the next cell: suppose $c$ is in a hurry and hands on its 9 before the 6 from $d$ has arrived. What do the slopes at $a$ and $b$ become?
# %% [markdown] lang="zh" tags=["answer"]
# $a$：$9 \cdot 2 + 6 = 24$；$b$：$9 \cdot 3 = 27$。没有报错，只是悄悄地错了。
# 所以一个节点要等*所有*出去的箭头都把斜率送回来，才能往下传。第 4 节的排序就为这件事。
# %% [markdown] lang="en" tags=["answer"]
# $a$: $9 \cdot 2 + 6 = 24$, and $b$: $9 \cdot 3 = 27$. There is no error; the slopes are wrong, and nobody notices.
# So a node has to wait until *all* arrows that leave it have brought back their slopes. That is what the sorting in section 4 is for.
# %%
if __name__ == "__main__":
    a, b = 3, 2
    c = a * b
    d = a + c
    slope_L = 1
    slope_d = slope_L * c
    slope_c = slope_L * d + slope_d * 1  # fan-out: two arrows leave c
    slope_b = slope_c * a
    slope_a = slope_c * b + slope_d * 1  # fan-out again
    print("slopes at d, c, b, a:", slope_d, slope_c, slope_b, slope_a)
    hasty = slope_L * d  # the part from d is missing
    print("in a hurry, at a and b:", hasty * b + slope_d * 1, hasty * a)
    figures.five_nodes().show()

# %% [markdown] lang="zh" numbers="36"
# ### 为什么从结果出发
#
# 也可以从输入出发：“$a$ 每变 1，这个节点变多少”。
# 沿途是 $a$：1，$c$：2，$d$：$1 + 2 = 3$，$L$：$2 \cdot 9 + 6 \cdot 3 = 36$。答案一样，这叫前向模式（forward mode）。
# 但这一遍只给出 $a$ 的斜率，$b$ 要另走一遍：$n$ 个输入，$n$ 遍。
# 反向传播属于反向模式（reverse mode）：一遍给出*一个*输出对*所有*输入的斜率。
# 训练时，输入是参数，动辄几百万个，输出只有一个损失，所以从结果往回走划算。
# %% [markdown] lang="en" numbers="36"
# ### Why start at the result
#
# You can also start at an input, and ask by how much each node changes when $a$ changes by 1.
# On the way you find $a$: 1, $c$: 2, $d$: $1 + 2 = 3$, $L$: $2 \cdot 9 + 6 \cdot 3 = 36$. The answer is the same; this is called **forward mode**.
# But this pass tells the slope at $a$ only, and $b$ needs another: $n$ inputs, $n$ passes.
# Backpropagation works in **reverse mode**: one pass gives the slopes of *one* output at *all* inputs.
# In training the inputs are the parameters, often millions of them, and the output is one loss, so the way back costs far less.
# %% [markdown] lang="zh" tags=["question"] see="part0_chance.chain_rule"
# 换个看法：网络的每一层有一张斜率表，叫雅可比矩阵（Jacobian）：一行一个输出，一列一个输入。只拧一个输入、别的不动，看一个输出变多少，这个斜率叫偏导数（partial derivative），表里每一格就是一个。链式法则把这些表乘起来。
# 层的大小是 64 → 64 → 10 → 1，最后那个 1 是损失；$n \times m$ 的矩阵乘 $m \times k$ 的，要 $nmk$ 次乘法。从输入那头开始乘，和从损失那头开始乘，各要多少次乘法？先估计，再看下一格。
# %% [markdown] lang="en" tags=["question"] see="part0_chance.chain_rule"
# Another view: each layer of a network has a table of slopes, its Jacobian: a row for each output, a column for each input. Each entry is the slope of that output when only that input is turned, called a **partial derivative**. The chain rule multiplies these tables.
# Let the sizes be 64 → 64 → 10 → 1, where the last 1 is the loss; a matrix of $n \times m$ times one of $m \times k$ takes $nmk$ multiplications. How many multiplications does it take from the input's end, and how many from the loss's? Estimate, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 从输入那头：$10 \cdot 64 \cdot 64 + 1 \cdot 10 \cdot 64 = 41600$。从损失那头：$1 \cdot 10 \cdot 64 + 1 \cdot 64 \cdot 64 = 4736$。
# 损失只有一个数，所以从这头乘，每一步都是一行乘一个矩阵，从不是矩阵乘矩阵。
# %% [markdown] lang="en" tags=["answer"]
# From the input's end: $10 \cdot 64 \cdot 64 + 1 \cdot 10 \cdot 64 = 41600$. From the loss's end: $1 \cdot 10 \cdot 64 + 1 \cdot 64 \cdot 64 = 4736$.
# The loss is one number, so from this end each step is one row times a matrix, and never a matrix times a matrix.
# %%
if __name__ == "__main__":
    sizes = [64, 64, 10, 1]
    from_input = sum(sizes[0] * n_in * n_out for n_in, n_out in zip(sizes[1:], sizes[2:], strict=False))
    from_loss = sum(sizes[-1] * n_in * n_out for n_in, n_out in zip(sizes[:-2], sizes[1:-1], strict=True))
    print("from the input:", from_input, " from the loss:", from_loss)

# %% [markdown] lang="zh" numbers="2.5"
# ## 2 · 每个函数一条规则
# ### 规则不必认识网络
#
# 看图上的一个节点：它只要知道两样东西，就能把斜率往回送一步。
# 一是上游梯度（upstream gradient）：$L$ 对它的输出的斜率，从后面送来，代码里叫 `grad_out`；二是它自己这一步的斜率。
# 两者相乘，就是 $L$ 对它的输入的斜率。这个节点不必知道 $L$ 是什么，也不必知道后面有多少层。
#
# 以 $y = \ln x$ 为例，它的斜率是 $1/x$。
# $x = 4$ 处送来 10，往回送的就是 $10 / 4 = 2.5$。
#
# 对数组逐项算，每个数各管各的：送回来的数组与 `x` 形状相同。
# 严格地说，64 × 64 个数的 `log` 有一个 4096 × 4096 的雅可比矩阵，近 1700 万个数，但除了对角线全是 0。
# 规则要的只是“上游的那一行乘这个矩阵”，这叫向量–雅可比积（vector-Jacobian product）。
# 它就是 `grad_out / x`：矩阵根本不必造出来，后面的每条规则都是如此。
# %% [markdown] lang="en" numbers="2.5"
# ## 2 · One rule for each function
# ### A rule needn't know the network
#
# Look at one node of the graph: it needs two things to bring the slope back by one step.
# One is the **upstream gradient**, the slope of $L$ at its output; it comes from the nodes that follow, and the code calls it `grad_out`. The other is the slope of its own step.
# Their product is the slope of $L$ at its input. The node needn't know what $L$ is, nor how many layers follow.
#
# Take $y = \ln x$, whose slope is $1/x$.
# If 10 arrives where $x = 4$, then $10 / 4 = 2.5$ goes back.
#
# A function that works term by term treats each number of an array on its own: what goes back has the shape of `x`.
# Strictly, `log` on 64 × 64 numbers has a Jacobian of 4096 × 4096, nearly 17 million numbers, and all but the diagonal are 0.
# A rule only needs the upstream row times this matrix, which is called a **vector-Jacobian product**.
# It is simply `grad_out / x`: the matrix is never made, and so it is with every rule in this lesson.
# %%
if __name__ == "__main__":
    x, grad_out = np.array([4.0, 0.5, 2.0]), np.array([10.0, 1.0, -3.0])
    jacobian = np.diag(1 / x)  # 1 / x on the diagonal, 0 elsewhere: a row for each output, a column for each input
    print("row times matrix:", grad_out @ jacobian)
    print("without it:      ", grad_out / x)


# %% [markdown] lang="zh"
# ### 练习 · log 的规则 · 5 分钟
#
# 给出 `grad_out`（$L$ 对 `out` 的斜率）、`out = np.log(x)` 和 `x`，三者形状相同；返回 $L$ 对 `x` 的斜率。
# 例如 `grad_out` 是 10、`x` 是 4，返回 2.5。
# 所有规则都接收 `grad_out`、`out` 和原来的参数；这一条用不上 `out`，别的会用上。
# %% [markdown] lang="en"
# ### Exercise · the rule of log · 5 min
#
# You are given `grad_out` (the slope of $L$ at `out`), `out = np.log(x)` and `x`, all of one shape; return the slope of $L$ at `x`.
# With 10 for `grad_out` and 4 for `x`, for example, that is 2.5.
# All rules take `grad_out`, `out` and the original arguments; this one has no use for `out`, but others need it.
# %% exercise="log_back" difficulty=1 importance=4 minutes=5
def log_back(grad_out: Array, out: Array, x: Array) -> Array:
    """The slope at `x`, from the slope `grad_out` at `out = np.log(x)`."""
    # solution
    return grad_out / x


if __name__ == "__main__":
    tests.test_log_back(log_back)

# %% [markdown] lang="zh" tags=["hint"]
# `np.log` 在 `x` 处的斜率是什么？上游的斜率与它怎样合在一起？
# %% [markdown] lang="en" tags=["hint"]
# What is the slope of `np.log` at `x`? And how does the slope from upstream combine with it?
# %% [markdown] lang="zh"
# **读一读**：Terence Parr、Jeremy Howard，*The Matrix Calculus You Need for Deep Learning*（英文），读到“The Chain Rules”一节为止。
# 它把标量、向量的链式法则一步步推出来，雅可比矩阵写得很全。读时想一个问题：文中哪些雅可比矩阵是对角的，对应的规则能写成逐项相乘？
# %% [markdown] lang="en"
# **Reading**: Terence Parr and Jeremy Howard, *The Matrix Calculus You Need for Deep Learning* (English), up to the end of “The Chain Rules”.
# It derives the chain rule for numbers and for vectors step by step, with all Jacobians written out. One question for the way: which of its Jacobians are diagonal, so that the rule is a product term by term?
# %% [markdown] lang="zh"
# ### 广播过的，要加回去
#
# 给两行三列的 `x` 加一个偏置 `b`，形状是 `(3,)`。往前走时，NumPy 把 `b` 当作抄了两行的样子。
# 往回走时，送来的 `grad_out` 是两行三列，可 `b` 只有三个数：六个斜率怎么变成三个？
# %% [markdown] lang="en"
# ### What was broadcast is summed
#
# Add a bias `b` of shape `(3,)` to an `x` of two rows and three columns. On the way forward NumPy acts as if `b` had been copied into both rows.
# On the way back a `grad_out` of two rows and three columns arrives, and `b` has only three numbers: how do six slopes become three?
# %% [markdown] lang="zh" tags=["question"] see="unbroadcast"
# 先预测，再运行下一格。`grad_out` 的第一行是 1、2、3，第二行是 10、20、30：`b[0]` 的斜率是 1、10、5.5（平均），还是 11？
# %% [markdown] lang="en" tags=["question"] see="unbroadcast"
# Predict, then run the next cell. The first row of `grad_out` is 1, 2, 3, the second 10, 20, 30: is the slope at `b[0]` 1, 10, 5.5 (their mean), or 11?
# %% [markdown] lang="zh" tags=["answer"]
# 11。拧一下它，两行里的第 0 列都跟着变，两条路送回来的斜率要相加：广播就是分叉。
# 平均值听起来合理，但下一格里真的拧一下就知道不对。
# %% [markdown] lang="en" tags=["answer"]
# 11. Turn it, and column 0 changes in both rows; what comes back along both ways is added: broadcasting is fan-out.
# The mean sounds reasonable, but the next cell really turns it, and decides.
# %%
if __name__ == "__main__":
    rows, b, grad_out = np.zeros((2, 3)), np.array([0.0, 5, 7]), np.array([[1.0, 2, 3], [10, 20, 30]])

    def loss(b: np.ndarray) -> float:
        return ((rows + b) * grad_out).sum()  # any loss whose slope at rows + b is grad_out

    turned = b + [0.001, 0, 0]
    print(f"slope at b[0]: {(loss(turned) - loss(b)) / 0.001:.3f}")
    figures.stretched().show()

# %% [markdown] lang="zh" numbers="11 22 33 6 60 66"
# 照抄的数在每一行都用了一次，这就是分叉，所以送回来的要加起来。规则：广播把短的形状补成长的，做两件事；往回走时各用一次求和撤销。
#
# | 广播做的 | 例子 | 往回走 |
# |---|---|---|
# | 左边添上新的轴 | `(3,)` 变 `(2, 3)` | 对新的轴求和，轴消失 |
# | 长度为 1 的轴拉长 | `(2, 1)` 变 `(2, 3)` | 对这个轴求和，长度留 1 |
#
# 上面的 `grad_out` 送到 `(3,)`，是 11、22、33；送到 `(2, 1)`，是 6 和 60；送到 `(1, 1)` 或一个数，是 66。
# 形状本来就相同，就没有广播，原样送回。
# %% [markdown] lang="en" numbers="11 22 33 6 60 66"
# A copied number is used in every row: that is fan-out, so what comes back is added. The rule: to make a short shape long, broadcasting does two things, and on the way back a sum undoes each.
#
# | broadcasting | example | on the way back |
# |---|---|---|
# | adds new axes on the left | `(3,)` to `(2, 3)` | sum over the new axes, which vanish |
# | stretches axes of length 1 | `(2, 1)` to `(2, 3)` | sum over such an axis, and keep length 1 |
#
# The `grad_out` from above becomes 11, 22, 33 for `(3,)`; 6 and 60 for `(2, 1)`; and 66 for `(1, 1)` or a number.
# Where the shapes agree nothing was broadcast, and it goes back as it is.
# %%
if __name__ == "__main__":
    print("to (3,):  ", grad_out.sum(axis=0))
    print("to (2, 1):", grad_out.sum(axis=1, keepdims=True).tolist())  # keepdims: the axis stays, with length 1
    print("to (1, 1):", grad_out.sum(axis=(0, 1), keepdims=True).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 撤销广播 · 15 分钟
#
# `original` 曾被广播成 `broadcasted` 的形状。把 `broadcasted` 按上表求和，返回形状与 `original` 相同的数组。
# `original` 也可能是一个 Python 的数（形状是 `()`）；它的值用不上。
# 例如上面的 `grad_out` 与形状 `(2, 1)`，返回 `[[6], [60]]`。
# 形状相同时没有要加的：返回 `broadcasted` 本身就好（拷贝一份也行）。
# 长度为 0 的轴也一样：`(0, 3)` 送到 `(3,)`，是三个 0。
# 之后凡是两个参数可以互相广播的规则，都用它。
# %% [markdown] lang="en"
# ### Exercise · undo broadcasting · 15 min
#
# `original` was broadcast to the shape of `broadcasted`. Sum `broadcasted` as in the table above, and return an array of the shape of `original`.
# `original` may also be one of Python's numbers (its shape is `()`); its value isn't needed.
# For the `grad_out` above and the shape `(2, 1)`, for example, return `[[6], [60]]`.
# Where the shapes agree, nothing is to be added: return `broadcasted` itself (a copy will do as well).
# Axes of length 0 are no exception: `(0, 3)` sent back to `(3,)` is three zeros.
# From now on every rule whose two arguments may be broadcast uses it.
# %% exercise="unbroadcast" difficulty=3 importance=5 minutes=15
def unbroadcast(broadcasted: Array, original: Array | Number) -> Array:
    """`broadcasted` summed to the shape of `original`, which had been broadcast to its shape."""
    # solution
    shape = np.shape(original)
    if broadcasted.shape == shape:
        return broadcasted
    total = broadcasted.sum(axis=tuple(range(broadcasted.ndim - len(shape))))
    if total.shape == shape:
        return total
    return total.sum(axis=tuple(axis for axis, size in enumerate(shape) if size == 1), keepdims=True)


if __name__ == "__main__":
    tests.test_unbroadcast(unbroadcast)


# %% [markdown] lang="zh" tags=["hint"]
# NumPy 的形状从哪一边对齐？多出来的轴在哪一边，有几个？
# %% [markdown] lang="en" tags=["hint"]
# From which side does NumPy align shapes? On which side are the new axes, and how many are there?
# %% [markdown] lang="zh" tags=["hint"]
# `np.shape` 对数组和数都行；`sum` 的 `axis` 可以是元组，一次给出几个轴。
# %% [markdown] lang="en" tags=["hint"]
# `np.shape` takes arrays and numbers; the `axis` of `sum` may be a tuple of several axes.
# %% [markdown] lang="zh" tags=["hint"]
# 列出要求和的轴：左边多出来的，加上 `original` 中长度为 1 的（下标要错开）；求和以后 `reshape` 成 `original` 的形状。
# %% [markdown] lang="en" tags=["hint"]
# List the axes to sum: those new on the left, and those where `original` has length 1 (their indices shift); after the sum, `reshape` to the shape of `original`.
# %% [markdown] lang="zh"
# ### 练习 · 乘法的规则，第一个因子 · 5 分钟
#
# $x \cdot y$ 对 $x$ 的斜率是 $y$，对 $y$ 的斜率是 $x$：乘法把另一个因子乘上去再送回来。（加法原样送回两边。）
# `out = x * y`，两者可以互相广播；`y` 也可能是一个 Python 的数。返回 $L$ 对 `x` 的斜率，形状与 `x` 相同：广播过就要撤销。
# 例如 `grad_out` 是 `[1, 10]`、`y` 是 `[2, 3]`、`x` 的形状是 `(1,)`：$1 \cdot 2 + 10 \cdot 3 = 32$，返回 `[32]`。
# %% [markdown] lang="en"
# ### Exercise · the rule of multiplication, first factor · 5 min
#
# The slope of $x \cdot y$ at $x$ is $y$, and at $y$ it is $x$: multiplication sends back what arrives times the other factor. (Addition sends it back unchanged, to both.)
# `out = x * y`, where either may be broadcast to the other; `y` may also be one of Python's numbers. Return the slope of $L$ at `x`, in the shape of `x`: where it was broadcast, undo that.
# With `[1, 10]` for `grad_out`, `[2, 3]` for `y`, and an `x` of shape `(1,)`, for example, $1 \cdot 2 + 10 \cdot 3 = 32$: return `[32]`.
# %% exercise="multiply_back0" difficulty=2 importance=4 minutes=5
def multiply_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    """The slope at `x`, from the slope at `out = x * y`."""
    # solution
    return unbroadcast(grad_out * y, x)


if __name__ == "__main__":
    tests.test_multiply_back0(multiply_back0)


# %% [markdown] lang="zh" tags=["hint"]
# 对 `x` 的斜率是哪个因子？
# %% [markdown] lang="en" tags=["hint"]
# Which factor is the slope at `x`?
# %% [markdown] lang="zh" tags=["hint"]
# 先乘，后撤销广播；反过来行不行？
# %% [markdown] lang="en" tags=["hint"]
# First multiply, then undo broadcasting; would the other order work?
# %% [markdown] lang="zh"
# ### 练习 · 乘法的规则，第二个因子 · 5 分钟
#
# 同样的 `out = x * y`，这次返回 $L$ 对 `y` 的斜率，形状与 `y` 相同；`x` 可能是一个 Python 的数。
# 例如 `2.0 * y`，`grad_out` 是 `[1, 10]`：返回 `[2, 20]`。
# %% [markdown] lang="en"
# ### Exercise · the rule of multiplication, second factor · 5 min
#
# The same `out = x * y`, and this time the slope of $L$ at `y`, in the shape of `y`; `x` may be one of Python's numbers.
# For `2.0 * y` and `[1, 10]` for `grad_out`, for example, return `[2, 20]`.
# %% exercise="multiply_back1" difficulty=1 importance=3 minutes=5
def multiply_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    """The slope at `y`, from the slope at `out = x * y`."""
    # solution
    return unbroadcast(grad_out * x, y)


if __name__ == "__main__":
    tests.test_multiply_back1(multiply_back1)


# %% [markdown] lang="zh" tags=["hint"]
# 与上一个练习只差两处：哪两处？
# %% [markdown] lang="en" tags=["hint"]
# It differs from the last exercise in two places: which?
# %% [markdown] lang="zh"
# ### 练习 · 前向与反向，手工走一遍 · 10 分钟
#
# 算 `out = c * np.log(a * b)`，再返回 `out` *所有元素之和*对 `a`、`b`、`c` 的斜率，是三个数组，形状分别与 `a`、`b`、`c` 相同。
# 三者可以互相广播，`a * b` 是正的；起点的斜率处处是 1。
# 请用上面的三条规则，从后往前一步一步送（只评判结果）。
# 例如 `a = [2]`、`b = [3]`、`c = [6]`：`a` 的斜率是 $6 / 6 \cdot 3 = 3$，`b` 的是 2，`c` 的是 $\ln 6 \approx 1.79$。
# %% [markdown] lang="en"
# ### Exercise · forward and back, by hand · 10 min
#
# Compute `out = c * np.log(a * b)`, then return the slopes of the *sum of all elements* of `out` at `a`, `b` and `c`: three arrays of the shapes of `a`, `b` and `c`.
# Any of them may be broadcast, and `a * b` is positive; the slopes to start with are 1 everywhere.
# Use the three rules from above, and go step by step from the end to the beginning (only the result is judged).
# With `a = [2]`, `b = [3]` and `c = [6]`, for example, the slope at `a` is $6 / 6 \cdot 3 = 3$, at `b` it is 2, and at `c` it is $\ln 6 \approx 1.79$.
# %% exercise="forward_and_back" difficulty=2 importance=4 minutes=10
def forward_and_back(a: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
    """The slopes of the sum of `c * np.log(a * b)` at `a`, `b` and `c`."""
    # solution
    d = a * b
    e = np.log(d)
    out = c * e
    grad_out = np.ones_like(out)
    grad_d = log_back(multiply_back1(grad_out, out, c, e), e, d)
    grad_c = multiply_back0(grad_out, out, c, e)
    return multiply_back0(grad_d, d, a, b), multiply_back1(grad_d, d, a, b), grad_c


if __name__ == "__main__":
    if tests.test_forward_and_back(forward_and_back):
        grad_a, grad_b, grad_c = forward_and_back(np.array([2.0]), np.array([3.0]), np.array([6.0]))
        print(f"at a: {grad_a[0]:.2f}, at b: {grad_b[0]:.2f}, at c: {grad_c[0]:.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 给每个中间结果起一个名字：三步，三个名字。
# %% [markdown] lang="en" tags=["hint"]
# Give each result on the way a name: three steps, three names.
# %% [markdown] lang="zh" tags=["hint"]
# 最后一步是乘法：它有两个因子，一个是 `c`，另一个是 log 的结果。
# %% [markdown] lang="en" tags=["hint"]
# The last step is a multiplication: one factor is `c`, the other is what log gave.
# %% [markdown] lang="zh" tags=["hint"]
# 顺序：起点是 `np.ones_like(out)`；先过乘法，再过 log，再过乘法。
# %% [markdown] lang="en" tags=["hint"]
# The order: start from `np.ones_like(out)`; through the multiplication, through log, through the other multiplication.
# %% [markdown] lang="zh" tags=["question"] see="forward_and_back"
# 刚才的反向部分里，哪些步骤你只看*前向的代码*就能机械地写出来？要让计算机代劳，前向时必须记下什么？
# %% [markdown] lang="en" tags=["question"] see="forward_and_back"
# Which steps of the way back could you write down mechanically, by looking at the *forward code* alone? If a computer is to do it, what must be noted on the way forward?
# %% [markdown] lang="zh" tags=["answer"]
# 全部。每一步只需要：用了哪个函数、参数的值、结果的值，以及参数是从哪个节点来的。
# 结果就是节点自己的数组；其余几样，下一节记在“配方”里。
# %% [markdown] lang="en" tags=["answer"]
# All of them. Each step needs only this: which function was used, the values of its arguments, its result, and which nodes the arguments came from.
# The result is the node's own array; in the next section a recipe notes the rest.
# %% [markdown] lang="zh"
# ## 3 · 记下计算是怎么做的
# ### 配方和张量
#
# 手写反向很快就写不下去了：网络一变，全部重写。
# 办法：往前算时让每个结果自己记住来历。
# `Recipe` 就是这份记录，叫配方（recipe）。它有四样：用的函数；按位置给的参数（`args`）；按名字给的参数（`kwargs`，没有就是空的 `{}`）；还有 `parents`，是参数里要求梯度的张量，以参数的位置为键。
# `Tensor` 把数组包起来，并带着四样东西：`array`、`requires_grad`、`grad` 和 `recipe`。
#
# 没有配方的张量有两种：没有人算过的（叶子，即参数和数据），和算的时候什么也没记的（输入都不要求梯度，或者总开关关着）；往回走到这里都是尽头，所以下文把两种都叫叶子。总开关开着时，算出来的张量要求梯度，当且仅当它至少有一个参数要求。
# 类变量 `Tensor.tracking`（写在类里，所有张量共用的一个变量）是总开关：它是 `False` 时一律不写配方，评估模型时省时省内存。
# 下一格是给好的，只需读一遍。Python 把这些运算符变成方法调用：`x * y` 是 `x.__mul__(y)`，`x @ y` 是 `x.__matmul__(y)`，`x[i]` 是 `x.__getitem__(i)`。这些方法只是转给后面才造的函数，例如 `multiply(x, y)`；`2.0 * y` 左边的数不会乘张量，Python 就改问右边的 `__rmul__`。
# %% [markdown] lang="en"
# ## 3 · Noting how it was computed
# ### Recipes and tensors
#
# Writing the way back by hand doesn't get far: with each change of the network you write everything again.
# The way out: let each result remember where it came from.
# A `Recipe` is this note. A **recipe** holds four things: the function; its arguments by place (`args`); those by name (`kwargs`, an empty `{}` if there are none); and `parents`, those arguments that are tensors and want a gradient, keyed by their place.
# A `Tensor` wraps an array and carries four things: `array`, `requires_grad`, `grad` and `recipe`.
#
# A tensor has no recipe for one of two reasons: nobody computed it (a leaf, which is a parameter or data), or nothing was noted when it was computed (no input wanted a gradient, or the switch below was off). On the way back both are ends, so from here on both are called leaves. While the switch is on, a tensor that is computed wants a gradient if and only if at least one of its arguments does.
# The class variable `Tensor.tracking` (written in the class, one for all tensors) is the main switch: while it is `False` no recipes are written, which saves time and memory when a model is only evaluated.
# The next cell is given; just read it. Python turns operators like these into calls of methods: `x * y` into `x.__mul__(y)`, `x @ y` into `x.__matmul__(y)`, `x[i]` into `x.__getitem__(i)`. These methods only call functions that are made later, such as `multiply(x, y)`; in `2.0 * y` the number can't multiply a tensor, so Python asks the right side, `__rmul__`.
# %%
@dataclass(slots=True)  # no other attributes: small and quick
class Recipe:
    """How an array came about: `func(*args, **kwargs)`; `parents` are those arguments that want a gradient."""

    func: Callable
    args: tuple[Any, ...]  # arrays and numbers, no Tensors
    kwargs: dict[str, Any]
    parents: dict[int, "Tensor"]  # by place; in quotes, since the class is written further down


class Tensor:
    """An array that may want a gradient, and knows how it came about."""

    __slots__ = ("array", "grad", "recipe", "requires_grad")  # these and no others: small and quick
    __array_ufunc__ = None  # so that `array * tensor` calls our `__rmul__`, not NumPy
    tracking = True  # while it is False, no recipes are written

    def __init__(self, array: Any, requires_grad: bool = False) -> None:
        self.array: np.ndarray = array if type(array) is np.ndarray else np.asarray(array)  # itself; else make an array
        self.requires_grad = requires_grad
        self.grad: Any = None  # a Tensor, once backprop has written it
        self.recipe: Recipe | None = None

    def __repr__(self) -> str:
        return f"Tensor({self.array}{', requires_grad=True' * self.requires_grad})"  # text times False is empty

    @property  # read as `x.shape`, without brackets
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def T(self) -> "Tensor":
        return permute(self, tuple(range(self.array.ndim))[::-1])

    def item(self) -> Any:
        return self.array.item()

    def backward(self, end_grad: "Tensor | None" = None) -> None:
        backprop(self, end_grad)

    def __neg__(self) -> "Tensor":
        return negative(self)

    def __add__(self, other: "Operand") -> "Tensor":
        return add(self, other)

    def __radd__(self, other: "Operand") -> "Tensor":
        return add(other, self)

    def __sub__(self, other: "Operand") -> "Tensor":
        return subtract(self, other)

    def __rsub__(self, other: "Operand") -> "Tensor":
        return subtract(other, self)

    def __mul__(self, other: "Operand") -> "Tensor":
        return multiply(self, other)

    def __rmul__(self, other: "Operand") -> "Tensor":
        return multiply(other, self)

    def __truediv__(self, other: "Operand") -> "Tensor":
        return true_divide(self, other)

    def __rtruediv__(self, other: "Operand") -> "Tensor":
        return true_divide(other, self)

    def __matmul__(self, other: "Tensor") -> "Tensor":
        two = self.array.ndim == other.array.ndim == 2  # the short rule of section 6; more axes are its bonus
        return (matmul2d if two else matmul)(self, other)

    def __getitem__(self, index: Any) -> "Tensor":
        return getitem(self, index)

    def log(self) -> "Tensor":
        return log(self)

    def exp(self) -> "Tensor":
        return exp(self)

    def reshape(self, *shape: int) -> "Tensor":
        return reshape(self, shape)

    def permute(self, *axes: int) -> "Tensor":
        return permute(self, axes)

    def sum(self, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> "Tensor":
        return sum_(self, dim, keepdim)

    def mean(self, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> "Tensor":
        total = self.sum(dim, keepdim)
        return total * (total.array.size / max(self.array.size, 1))

    def maximum(self, other: "Operand") -> "Tensor":
        return maximum(self, other)

    def relu(self) -> "Tensor":
        return relu(self)


Operand = Tensor | np.ndarray | Number


if __name__ == "__main__":
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = Tensor(np.log(x.array))
    y.requires_grad, y.recipe = True, Recipe(np.log, (x.array,), {}, {0: x})
    print(x, "is a leaf:", x.recipe is None)
    print(y, "came from", y.recipe.func.__name__, "of", y.recipe.args)


# %% [markdown] lang="zh"
# ### 练习 · 查规则 · 10 分钟
#
# 往回走到一个配方时，要按“函数和参数位置”找到规则：`np.multiply` 的第 0 个参数对应 `multiply_back0`。
# `add_back_func` 登记一条规则，同一位置再登记就换成新的；`get_back_func` 返回登记的那个函数本身。
# 没有登记过的，报 `KeyError`，消息里要有那个函数的名字（`forward_fn.__name__`）：忘写规则的人就知道缺哪条。
# 函数按对象区分，不按名字：两个函数名字相同，规则各是各的。两个 `BackwardFuncLookup` 互不影响。
# `__init__` 是给好的，可以改，但要能接收一个已有的表，例如 `BackwardFuncLookup({(np.log, 0): log_back})`，并且以后不改动它。
# %% [markdown] lang="en"
# ### Exercise · look up a rule · 10 min
#
# When the way back comes to a recipe, you need the rule for a function and the place of an argument: for argument 0 of `np.multiply` that is `multiply_back0`.
# `add_back_func` registers a rule, and registering again for the same place replaces it; `get_back_func` returns the registered function itself.
# For what isn't registered it raises `KeyError`, with the function's name (`forward_fn.__name__`) in its message: so whoever forgot a rule sees which one is missing.
# Functions are told apart as objects, not by name: two functions of one name have rules of their own. Two `BackwardFuncLookup` objects don't affect each other.
# `__init__` is given, and you may change it; but it must take a table to begin with, such as `BackwardFuncLookup({(np.log, 0): log_back})`, and never change that table.
# %% exercise="BackwardFuncLookup" difficulty=1 importance=3 minutes=10
class BackwardFuncLookup:
    """The backward function of each NumPy function, for each of its arguments."""

    def __init__(self, rules: Mapping[tuple[Callable, int], Callable] | None = None) -> None:
        self.rules = dict(rules or {})

    def add_back_func(self, forward_fn: Callable, arg_position: int, back_fn: Callable) -> None:
        """From now on `back_fn` is the rule of `forward_fn` for this argument."""
        # solution
        self.rules[forward_fn, arg_position] = back_fn

    def get_back_func(self, forward_fn: Callable, arg_position: int) -> Callable:
        """The rule of `forward_fn` for this argument; KeyError, with the function's name, where there is none."""
        # solution
        back_fn = self.rules.get((forward_fn, arg_position))
        if back_fn is None:
            raise KeyError(f"no backward function for argument {arg_position} of {forward_fn.__name__}: add one")
        return back_fn


if __name__ == "__main__":
    tests.test_BackwardFuncLookup(BackwardFuncLookup)


# %% [markdown] lang="zh" tags=["hint"]
# 字典的键可以是什么？一个函数和一个数放在一起，能做键吗？
# %% [markdown] lang="en" tags=["hint"]
# What can be a dictionary's key? Could a function and a number together be one?
# %% [markdown] lang="zh"
# ### 练习 · 会记账的 log · 10 分钟
#
# 返回一个新的 `Tensor`，数组是 `np.log(x.array)`，`grad` 是 `None`。
# 如果 `x.requires_grad` 并且 `Tensor.tracking` 是 `True`：结果的 `requires_grad` 是 `True`，配方是 `Recipe(np.log, (x.array,), {}, {0: x})`。
# 否则结果的 `requires_grad` 是 `False`，`recipe` 是 `None`。
# 配方里的 `args` 是数组本身，不拷贝（元组或列表都行），不是 `Tensor`；`parents` 里是 `x` 这个对象本身。`x` 不变。
# %% [markdown] lang="en"
# ### Exercise · a log that keeps notes · 10 min
#
# Return a new `Tensor` whose array is `np.log(x.array)` and whose `grad` is `None`.
# If `x.requires_grad` and `Tensor.tracking` are `True`, the result has `requires_grad` `True` and the recipe `Recipe(np.log, (x.array,), {}, {0: x})`.
# Otherwise its `requires_grad` is `False`, and its `recipe` is `None`.
# The `args` of the recipe (a tuple or a list) hold the array itself, which is neither a `Tensor` nor a copy; `parents` holds the very object `x`. And `x` stays unchanged.
# %% exercise="log_forward" difficulty=2 importance=4 minutes=10
def log_forward(x: Tensor) -> Tensor:
    """The logarithm of `x`, with its recipe if `x` wants a gradient."""
    # solution
    out = Tensor(np.log(x.array))
    if Tensor.tracking and x.requires_grad:
        out.requires_grad = True
        out.recipe = Recipe(np.log, (x.array,), {}, {0: x})
    return out


if __name__ == "__main__":
    tests.test_log_forward(log_forward)


# %% [markdown] lang="zh" tags=["hint"]
# 先算数组，造出 `Tensor`；再问：要不要记账？
# %% [markdown] lang="en" tags=["hint"]
# First compute the array and make the `Tensor`; then ask whether notes are needed.
# %% [markdown] lang="zh" tags=["hint"]
# 两个条件都成立才写 `requires_grad` 和 `recipe`。
# %% [markdown] lang="en" tags=["hint"]
# Set `requires_grad` and `recipe` only if both conditions hold.
# %% [markdown] lang="zh"
# ### 练习 · 会记账的乘法 · 10 分钟
#
# `x` 和 `y` 至少有一个是 `Tensor`，另一个也可能是数组或 Python 的数。返回 `Tensor`，数组是两者之积。
# 配方的 `func` 是 `np.multiply`（不能是你自己的 lambda：引擎就凭这个函数去查规则），`kwargs` 是 `{}`。`args`（元组或列表）里放两个因子，`Tensor` 换成它的数组（不拷贝），别的照原样放；`parents` 里只放要求梯度的那些，以位置 0 或 1 为键。
# 例如 `multiply_forward(2.0, w)`，`w` 要求梯度：`args` 是 `(2.0, w.array)`，`parents` 是 `{1: w}`。
# `multiply_forward(w, w)` 里 `w` 出现两次，两个位置都要记。
# 没有因子要求梯度，或者 `Tensor.tracking` 是 `False`：没有配方，`requires_grad` 是 `False`。
# %% [markdown] lang="en"
# ### Exercise · a multiplication that keeps notes · 10 min
#
# At least one of `x` and `y` is a `Tensor`; the other may also be an array or one of Python's numbers. Return a `Tensor` whose array is their product.
# The recipe's `func` is `np.multiply` (not a lambda of your own: the engine looks up the rule under this very function), and `kwargs` is `{}`. `args` (a tuple or a list) holds both factors, a `Tensor` as its array (no copy) and all else as it is; `parents` holds only those that want a gradient, with their place, 0 or 1, as the key.
# For `multiply_forward(2.0, w)`, for example, where `w` wants a gradient, `args` is `(2.0, w.array)` and `parents` is `{1: w}`.
# In `multiply_forward(w, w)` the same `w` stands in both places, and both are noted.
# If no factor wants a gradient, or `Tensor.tracking` is `False`, there is no recipe, and `requires_grad` is `False`.
# %% exercise="multiply_forward" difficulty=2 importance=4 minutes=10
def multiply_forward(x: Operand, y: Operand) -> Tensor:
    """`x * y`, with its recipe if a factor wants a gradient; at least one of them is a Tensor."""
    # solution
    factors = (x, y)
    args = tuple(f.array if isinstance(f, Tensor) else f for f in factors)
    out = Tensor(np.multiply(args[0], args[1]))
    parents = {i: f for i, f in enumerate(factors) if isinstance(f, Tensor) and f.requires_grad}
    if Tensor.tracking and parents:
        out.requires_grad = True
        out.recipe = Recipe(np.multiply, args, {}, parents)
    return out


if __name__ == "__main__":
    tests.test_multiply_forward(multiply_forward)


# %% [markdown] lang="zh" tags=["hint"]
# `isinstance(x, Tensor)` 能分清张量和别的。
# %% [markdown] lang="en" tags=["hint"]
# `isinstance(x, Tensor)` tells a tensor from the rest.
# %% [markdown] lang="zh" tags=["hint"]
# 把两个因子放进元组，用 `enumerate` 一边走一边数位置。
# %% [markdown] lang="en" tags=["hint"]
# Put both factors in a tuple, and count places with `enumerate`.
# %% [markdown] lang="zh"
# ### 练习 · 包装任意函数 · 15 分钟
#
# `log_forward` 和 `multiply_forward` 几乎一样：换成数组，调用 NumPy，记账。所以写一个*制造函数的函数*：给它 `np.exp`，它返回会记账的 `exp`。
# 里面的 `forward(*args, **kwargs)` 接收任意参数：`args` 是按位置给的（元组），`kwargs` 是按名字给的（字典），再用 `*` 和 `**` 展开，传给别的函数。
# `wrap_forward_fn(numpy_func)` 返回一个函数，它对 `Tensor` 做 `numpy_func` 对数组做的事，结果是 `Tensor`。
# 规矩与 `multiply_forward` 相同，参数多少不限；按位置给的参数里有 `Tensor` 也有别的，按名字给的（`kwargs`）里没有，原样传给 `numpy_func`，也原样记进配方。
# 配方的 `func` 是 `numpy_func` 本身；每次调用写自己的配方，以前的不变。`Tensor` 的子类也是 `Tensor`（下一课会造一个），但结果总是普通的 `Tensor`。
# 例如 `wrap_forward_fn(np.sum)(x, axis=0)` 的配方里，`args` 是 `(x.array,)`，`kwargs` 是 `{"axis": 0}`。
# 下面这一格末尾用它造出了整套运算；改了它，就把这一格连同下面各格再运行一遍。
# %% [markdown] lang="en"
# ### Exercise · wrap any function · 15 min
#
# `log_forward` and `multiply_forward` are nearly the same: turn tensors into arrays, call NumPy, keep notes. So write a *function that makes functions*: give it `np.exp`, and it returns an `exp` that keeps notes.
# Its inner `forward(*args, **kwargs)` takes any arguments: `args` are those given by place (a tuple), `kwargs` those given by name (a dictionary), and `*` and `**` hand them on to another function.
# `wrap_forward_fn(numpy_func)` returns a function that does with each `Tensor` what `numpy_func` does with arrays, and gives a `Tensor`.
# The rules are those of `multiply_forward`, for any number of arguments; those given by place may or may not be a `Tensor`, those given by name (`kwargs`) are never one, and go to `numpy_func` and into the recipe as they are.
# The recipe's `func` is `numpy_func` itself; each call writes a recipe of its own, and earlier ones don't change. A subclass of `Tensor` is a `Tensor`, too (the next lesson makes one), but the result is always a plain `Tensor`.
# In the recipe of `wrap_forward_fn(np.sum)(x, axis=0)`, for example, `args` is `(x.array,)` and `kwargs` is `{"axis": 0}`.
# The end of the next cell makes all the operations with it; when you change it, run this cell and those below it again.
# %% exercise="wrap_forward_fn" difficulty=3 importance=5 minutes=15
def wrap_forward_fn(numpy_func: Callable) -> Callable[..., Tensor]:
    """`numpy_func` for Tensors: the same result as a Tensor, with its recipe if an argument wants a gradient."""

    def forward(*args: Any, **kwargs: Any) -> Tensor:
        # solution
        arrays, parents = [], {}
        for i, arg in enumerate(args):
            if isinstance(arg, Tensor):
                arrays.append(arg.array)
                if arg.requires_grad:
                    parents[i] = arg
            else:
                arrays.append(arg)
        out = Tensor(numpy_func(*arrays, **kwargs))
        if parents and Tensor.tracking:
            out.requires_grad = True
            out.recipe = Recipe(numpy_func, tuple(arrays), kwargs, parents)
        return out

    return forward


def array_sum(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Array:
    """`x.sum` with torch's names."""
    return x.sum(axis=dim, keepdims=keepdim)


def array_getitem(x: Array, index: Any) -> Array:
    """`x[index]` as a function."""
    return x[index]


log, exp, negative = wrap_forward_fn(np.log), wrap_forward_fn(np.exp), wrap_forward_fn(np.negative)
add, subtract = wrap_forward_fn(np.add), wrap_forward_fn(np.subtract)
multiply, true_divide = wrap_forward_fn(np.multiply), wrap_forward_fn(np.true_divide)
maximum = wrap_forward_fn(np.maximum)
reshape, permute = wrap_forward_fn(np.reshape), wrap_forward_fn(np.transpose)
sum_, getitem = wrap_forward_fn(array_sum), wrap_forward_fn(array_getitem)
matmul2d, matmul = wrap_forward_fn(np.dot), wrap_forward_fn(np.matmul)  # np.dot of two axes each is `@`

if __name__ == "__main__":
    if tests.test_wrap_forward_fn(wrap_forward_fn):
        a, b = Tensor(3.0, requires_grad=True), Tensor(2.0)
        print((a * b).recipe)  # b wants no gradient, so it is no parent


# %% [markdown] lang="zh" tags=["hint"]
# `forward` 里依次做三件事：哪三件？
# %% [markdown] lang="en" tags=["hint"]
# `forward` does three things in turn: which?
# %% [markdown] lang="zh" tags=["hint"]
# 一个循环就能同时得到数组的列表和 `parents`。
# %% [markdown] lang="en" tags=["hint"]
# One loop gives both the list of arrays and `parents`.
# %% [markdown] lang="zh" tags=["hint"]
# 记下的函数是 `numpy_func`，不是 `forward`：规则是按前者登记的。
# %% [markdown] lang="en" tags=["hint"]
# The function to note is `numpy_func`, not `forward`: the rules are registered under the former.
# %% [markdown] lang="zh" tags=["question"] see="wrap_forward_fn"
# `parents` 为什么只放要求梯度的张量？把所有张量都放进去（`requires_grad` 照旧），斜率还对吗，代价是什么？
# %% [markdown] lang="en" tags=["question"] see="wrap_forward_fn"
# Why does `parents` hold only tensors that want a gradient? If it held all of them (and `requires_grad` stayed as it is), would the slopes still be right, and at what price?
# %% [markdown] lang="zh" tags=["answer"]
# 仍然对：不要求梯度的叶子不写 `grad`。但会为数据 `x` 也算一遍斜率，谁也不用它。
# 第一层的 `x @ w` 里，对 `x` 的那次矩阵乘法就白做了。
# %% [markdown] lang="en" tags=["answer"]
# They would still be right, since a leaf that wants no gradient gets no `grad`; but slopes would also be computed at the data `x`, and nobody uses them.
# In the first layer's `x @ w` the matrix product for `x` would be wasted.
# %% [markdown] lang="zh"
# ## 4 · 走回去
# ### 为什么不能见一个走一个
#
# 从 $L$ 往回走，最先想到的是递归：走到一个节点，对它的每个来源再调用自己。
# 它有三个毛病。
#
# 第一，一条一条路地走：图里有分叉，路的条数就可能翻倍再翻倍。令 $y_1 = x + x$，$y_2 = y_1 + y_1$……每一步把路加倍，40 步就是一万亿条。
# 第二，走得深：10,000 步的链超过 Python 允许的递归深度（默认 1000 层），报 `RecursionError`。
# 第三，为了避免第一条而“每个节点只走一次”，又会太心急：第 1 节里的 24 和 27 就是这样来的。
# %% [markdown] lang="en"
# ## 4 · Walking back
# ### Why not go wherever an arrow leads
#
# To walk back from $L$, recursion is the first idea: at each node, call yourself for everything that it came from.
# It has three faults.
#
# First, it walks path by path, and with fan-out the number of paths can double and double again. Let $y_1 = x + x$, $y_2 = y_1 + y_1$, and so on: each step doubles the paths, and 40 steps make a million million.
# Second, it goes deep: a chain of 10,000 steps exceeds the depth of recursion that Python allows (1000 by default), and raises `RecursionError`.
# Third, if to avoid the first fault you visit each node only once, you are in a hurry: that is where the 24 and the 27 of section 1 came from.
# %%
def paths_to_leaf(levels: int) -> int:
    """How many paths lead back through so many steps of y = y + y, walking each of them."""
    return 1 if levels == 0 else paths_to_leaf(levels - 1) + paths_to_leaf(levels - 1)


if __name__ == "__main__":
    for levels in (1, 2, 4, 8, 16):
        print(f"{levels:2} steps, {levels + 1:2} nodes, {paths_to_leaf(levels):5} paths")


# %% [markdown] lang="zh"
# 办法：先排队，再走。
# 把节点排成一列，使每个节点都站在它所有来源的后面，叫拓扑序（topological order）。
# 倒着走这一列，轮到一个节点时，它出去的箭头都已经送回斜率，每个节点恰好处理一次。
# 五个节点的图，可以排成 $a, b, c, d, L$；$b, a, c, d, L$ 也行。
#
# 怎样排？深度优先：一直往深处走，一个节点的所有来源都排好了，才轮到它自己。
# 不用递归，就自己管一个栈（stack：最后放进去的最先取出）：
#
# | 栈（右边是顶） | 做什么 | 已排好 |
# |---|---|---|
# | $L$ | $L$ 的来源 $c$、$d$ 压栈 | |
# | $L, c, d$ | $d$ 的来源 $a$、$c$ 压栈 | |
# | $L, c, d, a, c$ | $c$ 的来源 $a$、$b$ 压栈 | |
# | $L, c, d, a, c, a, b$ | $b$ 没有来源：排上；$a$ 也是 | $b, a$ |
# | $L, c, d, a, c$ | $c$ 的来源都好了：排上 | $b, a, c$ |
# | $L, c, d, a$ | $a$ 早排过了：扔掉；$d$ 排上 | $b, a, c, d$ |
# | $L, c$ | $c$ 早排过了：扔掉；$L$ 排上 | $b, a, c, d, L$ |
#
# $a$ 和 $c$ 在栈里都有两份：排上一份，轮到另一份时扔掉。
# 如果一个节点绕一圈又成了自己的来源，就叫环（cycle）：环没有拓扑序。
# 一个节点的来源压了栈，它才算*开始*了（只是它自己在栈里，还不算）。要压栈的来源若已经排上，只是又有一条路通到它，不要紧；若已经开始、却还没排上，它就在我们走来的路上，正等着眼前这个节点：这是环。
# 只记“见过”不够：那样共用的节点虽然也只处理一次，却分不清遇到的是又一条路，还是环；要分清，得有*开始了*和*排好了*两种标记。
# %% [markdown] lang="en"
# The way out: first put the nodes in order, then walk.
# A **topological order** puts the nodes in a row, each after everything that it came from.
# Walk along this row from its end: when it is a node's turn, all arrows that leave it have brought back their slopes, and each node is handled exactly once.
# The graph of five nodes can stand as $a, b, c, d, L$; $b, a, c, d, L$ is as good.
#
# How do you find one? Go deep first: a node is put in the row only when everything that it came from is in it.
# Without recursion you keep a stack yourself (what was put on it last is taken off first):
#
# | stack (its top on the right) | what is done | in the row |
# |---|---|---|
# | $L$ | put the origins of $L$ on it, $c$ and $d$ | |
# | $L, c, d$ | put the origins of $d$ on it, $a$ and $c$ | |
# | $L, c, d, a, c$ | put the origins of $c$ on it, $a$ and $b$ | |
# | $L, c, d, a, c, a, b$ | $b$ has no origins: into the row; so for $a$ | $b, a$ |
# | $L, c, d, a, c$ | its origins are in the row: $c$ follows | $b, a, c$ |
# | $L, c, d, a$ | $a$ is in it already: drop it; $d$ follows | $b, a, c, d$ |
# | $L, c$ | $c$ is in it already: drop it; $L$ follows | $b, a, c, d, L$ |
#
# $a$ and $c$ are on the stack twice: one copy is put in the row, and the other is dropped when its turn comes.
# If some way leads from a node over its origins back to the node itself, there is a **cycle**, and no topological order.
# Call a node *begun* once its origins have been put on the stack (being there itself doesn't count). An origin that is in the row already does no harm: a second path leads to it. One that is begun but not in the row lies on the path that led us here, and is still waiting for the current node: that is a cycle.
# One mark, "seen", isn't enough: with it, too, a shared node is handled only once, but a second path looks the same as a cycle. To tell them apart you need two marks, *begun* and *in the row*.
# %% [markdown] lang="zh"
# ### 练习 · 拓扑排序 · 20 分钟
# `get_children(node)` 给出一个节点的来源（列表、元组或只能走一遍的生成器，可能为空）；名字里的 children（孩子）指的就是来源，因为这里从结果往回走。
# 返回一个列表：`node` 和从它能走到的一切，每个恰好一次，都排在自己的来源之后；所以 `node` 在最后。顺序有多种时，哪一种都行。
# 节点可以做字典的键（字符串、数、`Tensor`……）；相等的就是同一个。
# 有环时报 `ValueError`，环不经过 `node`，或者节点是自己的来源，也一样。
# 10,000 个节点的链要能排；每个节点的 `get_children` 只许调用少数几次（来源再多也不超过 10 次），不许每条路一次。
# 例如 `{"L": "cd", "d": "ac", "c": "ab"}` 那张图，从 `"L"` 出发，得到 `["b", "a", "c", "d", "L"]`。
# %% [markdown] lang="en"
# ### Exercise · topological sort · 20 min
# `get_children(node)` gives the origins of a node (a list, a tuple, or a generator, which can be walked only once; it may be empty); its name says children because the walk goes from the result back.
# Return a list of `node` and everything that can be reached from it, each exactly once and after its own origins; so `node` is last. Where several orders are possible, any will do.
# Nodes can be keys of a dictionary (strings, numbers, a `Tensor`, …); those that are equal are the same.
# If there is a cycle, raise `ValueError`, also where it doesn't lead through `node`, or where a node is its own origin.
# A chain of 10,000 nodes must work; call `get_children` only a few times for each node (10 at most, however many origins it has), and not once for each path.
# For the graph `{"L": "cd", "d": "ac", "c": "ab"}`, for example, starting at `"L"`, you get `["b", "a", "c", "d", "L"]`.
# %% exercise="topological_sort" difficulty=4 importance=4 minutes=20
def topological_sort(node: Hashable, get_children: Callable[[Any], Iterable]) -> list:
    """`node` and all that it reaches, each once and after all of its children; ValueError where there is a cycle."""
    # solution
    order, finished = [], {}  # False while a node waits for its children
    stack = [node]
    while stack:
        current = stack[-1]
        if current in finished:
            stack.pop()
            if not finished[current]:
                finished[current] = True
                order.append(current)
            continue
        finished[current] = False
        for child in get_children(current):
            if not finished.get(child, True):
                raise ValueError(f"topological_sort: a cycle leads from {child!r} back to it")
            if child not in finished:
                stack.append(child)
    return order


if __name__ == "__main__":
    if tests.test_topological_sort(topological_sort):
        came_from = {"L": "cd", "d": "ac", "c": "ab"}
        print(topological_sort("L", lambda node: came_from.get(node, "")))


# %% [markdown] lang="zh" tags=["hint"]
# 每个节点有三种状态：没见过、开始了、排好了。栈顶的节点在每种状态下该怎么办？
# %% [markdown] lang="en" tags=["hint"]
# A node is in one of three states: unseen, begun, in the row. What is to be done with the node on top of the stack in each?
# %% [markdown] lang="zh" tags=["hint"]
# 用一个字典记状态。节点第一次到栈顶：记为开始，把来源压栈，*它自己留在栈里*；第二次到栈顶：来源都好了。
# %% [markdown] lang="en" tags=["hint"]
# Keep the states in a dictionary. When a node is on top for the first time, it begins: put its origins on the stack, and *leave it there*; when it is on top again, its origins are done.
# %% [markdown] lang="zh" tags=["hint"]
# 压栈之前看来源的状态：“开始了”就是环，“排好了”就不必压。
# %% [markdown] lang="en" tags=["hint"]
# Look at the state of an origin before you put it on the stack: begun means a cycle, and what is in the row needn't be put on.
# %% [markdown] lang="zh"
# ### 练习 · 给计算图排序 · 5 分钟
#
# 返回 `tensor` 和算出它所用的、要求梯度的一切 `Tensor`：沿 `recipe.parents` 往回能走到的。
# 每个恰好一次，排在自己的来源*之前*，所以 `tensor` 在最前面：反向传播就按这个顺序走。
# 叶子（`recipe` 是 `None`）没有来源。10,000 步的链也要能排。可以用 `topological_sort`。
# %% [markdown] lang="en"
# ### Exercise · sort the computational graph · 5 min
#
# Return `tensor` and every `Tensor` that it was computed from and that wants a gradient: all that is reached back along `recipe.parents`.
# Each stands there exactly once and *before* its own origins, so `tensor` is first: that is the order in which backpropagation walks.
# A leaf (`recipe` is `None`) has no origins. A chain of 10,000 steps must work. You may use `topological_sort`.
# %% exercise="sorted_computational_graph" difficulty=2 importance=3 minutes=5
def sorted_computational_graph(tensor: Tensor) -> list[Tensor]:
    """`tensor` and all that it was computed from and that wants a gradient, each before its parents."""
    # solution
    return topological_sort(tensor, lambda t: t.recipe.parents.values() if t.recipe else ())[::-1]


if __name__ == "__main__":
    tests.test_sorted_computational_graph(sorted_computational_graph)


# %% [markdown] lang="zh" tags=["hint"]
# 谁是 `get_children`？叶子要返回什么？
# %% [markdown] lang="en" tags=["hint"]
# What is `get_children` here? And what does it return for a leaf?
# %% [markdown] lang="zh" tags=["hint"]
# `parents` 是字典，来源是它的值；排出来的方向与要的相反。
# %% [markdown] lang="en" tags=["hint"]
# `parents` is a dictionary, the origins are its values; and the order that comes out is the reverse of what is wanted.
# %% [markdown] lang="zh"
# ### 把一切合起来
#
# 字典 `grads` 里放着各个节点“还没送出去的斜率”。用第 1 节的图走一遍：
#
# | 轮到 | 取出 | 规则送出 | `grads` 里剩下 |
# |---|---|---|---|
# | $L = c \cdot d$ | 1 | $c$：9，$d$：6 | $c$：9，$d$：6 |
# | $d = a + c$ | 6 | $a$：6，$c$：6 | $c$：9 + 6 = 15，$a$：6 |
# | $c = a \cdot b$ | 15 | $a$：30，$b$：45 | $a$：6 + 30 = 36，$b$：45 |
# | $a$、$b$ | 36、45 | 叶子：写进 `grad` | |
#
# 三个细节常出错。
# 送来的要*加*到已有的上，不是替换。叶子的 `grad` 也一样：第二次 `backward()` 往上加，所以一批数据可以分几份算。
# 加的时候要造新的数组：`+=` 不造新的，而是就地（in place）改旧的。加法的规则可能把*同一个*数组送给了两个节点，就地改了其中一个，另一个也变了。
# 写进 `grad` 的也要是一份自己的拷贝，否则两个叶子可能共用一个数组：谁就地改了其中一个 `grad`（例如把它缩小），另一个也跟着变。
# %% [markdown] lang="en"
# ### All of it together
#
# A dictionary `grads` keeps, for each node, the slope that hasn't been handed on yet. Walk through the graph of section 1:
#
# | its turn | taken out | what the rules send | left in `grads` |
# |---|---|---|---|
# | $L = c \cdot d$ | 1 | $c$: 9, $d$: 6 | $c$: 9, $d$: 6 |
# | $d = a + c$ | 6 | $a$: 6, $c$: 6 | $c$: 9 + 6 = 15, $a$: 6 |
# | $c = a \cdot b$ | 15 | $a$: 30, $b$: 45 | $a$: 6 + 30 = 36, $b$: 45 |
# | $a$ and $b$ | 36 and 45 | leaves: into `grad` | |
#
# Three details often go wrong.
# What arrives is *added* to what is there, and doesn't replace it. The same holds for the `grad` of a leaf: a second `backward()` adds to it, and so a batch can be done in parts.
# Add into a new array: `+=` changes an array in place, and the rule of addition may have sent *one and the same* array to two nodes, so that changing one changes both.
# And what goes into `grad` must be a copy of its own. Otherwise two leaves may share an array: when one `grad` is changed in place (scaled down, say), the other changes too.
# %%
def add_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    return unbroadcast(grad_out, x)


def add_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    return unbroadcast(grad_out, y)


# The rules so far. When you change one, run this cell again.
RULES = {
    (np.log, 0): log_back,
    (np.multiply, 0): multiply_back0,
    (np.multiply, 1): multiply_back1,
    (np.add, 0): add_back0,
    (np.add, 1): add_back1,
}
BACK_FUNCS = BackwardFuncLookup(RULES)


# %% [markdown] lang="zh" numbers="36 45 72 90"
# ### 练习 · 反向传播 · 25 分钟
#
# 从 `end_node` 走回去，给每个要求梯度的叶子的 `grad` *加上*斜率（原来是 `None` 就写上；改旧的数组还是换一个新 `Tensor`，都行）；前向之后没有人再改 `requires_grad`。
# 走一趟只得到*一个*数的斜率；`end_node` 有好几个数时，起点的斜率说明每个数占多大分量。这就是 `end_grad`，一个与 `end_node` 形状相同的 `Tensor`；没有给就处处是 1，也就是求元素之和的斜率。
# 规则要在每次调用 `backprop` 时从全局的 `BACK_FUNCS` 里现查，参数 `i` 的规则这样调用：`back_fn(grad_out, out, *recipe.args, **recipe.kwargs)`，`out` 是这个节点的数组；每条箭头恰好调用一次。
# 叶子的 `grad` 是 `Tensor`，自己不要求梯度，形状和类型与叶子相同，不与别的任何数组共用内存（别的 `grad`、`end_grad`、叶子本身、规则送来的）。
# 叶子之外的 `grad` 留作 `None`；数组、配方、`end_grad` 都不改动，所以能再来一次。
# `end_node` 自己就是要求梯度的叶子：它的 `grad` 加上 `end_grad`。`end_node` 不要求梯度：什么也不发生。`Tensor.tracking` 这时是什么都一样：配方早已写好。
# 10,000 步的链、40 层的 `y = y + y` 都要很快。
# 例如第 1 节的图：`a.grad` 是 36，`b.grad` 是 45；再调用一次，是 72 和 90。
# %% [markdown] lang="en" numbers="36 45 72 90"
# ### Exercise · backpropagation · 25 min
#
# Walk back from `end_node`, and to the `grad` of each leaf that wants one *add* the slope (or put it there, if it was `None`; you may change the old array or put a new `Tensor` in its place); nobody changes `requires_grad` after the forward pass.
# One pass gives the slopes of *one* number; where `end_node` has several, the slopes to start with say how much each counts. These are `end_grad`, a `Tensor` of the shape of `end_node`; by default 1 everywhere, which gives the slopes of the sum of its elements.
# Look the rules up in the global `BACK_FUNCS` in each call of `backprop`, and call the rule of argument `i` as `back_fn(grad_out, out, *recipe.args, **recipe.kwargs)`, where `out` is the array of this node; call it exactly once for each arrow.
# The `grad` of a leaf is a `Tensor` that wants no gradient itself, of the leaf's shape and dtype, and shares memory with no other array (another `grad`, `end_grad`, the leaf itself, what a rule has sent).
# All but leaves keep `None` as their `grad`; arrays, recipes and `end_grad` stay unchanged, so that you can do it again.
# If `end_node` is itself a leaf that wants a gradient, `end_grad` is added to its `grad`. If `end_node` wants no gradient, nothing happens. What `Tensor.tracking` is now makes no difference: the recipes are there already.
# A chain of 10,000 steps and 40 levels of `y = y + y` must be quick.
# For the graph of section 1, for example, `a.grad` is 36 and `b.grad` is 45; after a second call they are 72 and 90.
# %% exercise="backprop" difficulty=4 importance=5 minutes=25
def backprop(end_node: Tensor, end_grad: Tensor | None = None) -> None:
    """Adds to the `grad` of each leaf that wants one the slope of `end_node` there, weighted by `end_grad` (ones)."""
    # solution
    grads = {end_node: np.ones_like(end_node.array) if end_grad is None else end_grad.array}
    for node in sorted_computational_graph(end_node):
        grad, recipe = grads.pop(node), node.recipe
        if recipe is not None:
            for i, parent in recipe.parents.items():
                back_fn = BACK_FUNCS.get_back_func(recipe.func, i)
                slope = back_fn(grad, node.array, *recipe.args, **recipe.kwargs)
                grads[parent] = grads[parent] + slope if parent in grads else slope
        elif node.requires_grad:
            grad = grad.astype(node.array.dtype)  # a copy: rules may hand on one array to several nodes
            node.grad = Tensor(grad if node.grad is None else node.grad.array + grad)


if __name__ == "__main__":
    if tests.test_backprop(backprop):
        a, b = Tensor(3.0, requires_grad=True), Tensor(2.0, requires_grad=True)
        c = a * b
        L = c * (a + c)
        for _ in range(2):
            L.backward()
            print("L:", L.item(), " slopes at a and b:", a.grad, b.grad)
        figures.graph(L, BACK_FUNCS.get_back_func, {"a": a, "b": b, "c": c, "L": L}).show()


# %% [markdown] lang="zh" tags=["hint"]
# `grads` 一开始里面有什么？每轮到一个节点，先做什么？
# %% [markdown] lang="en" tags=["hint"]
# What does `grads` hold at the beginning? When it is a node's turn, what comes first?
# %% [markdown] lang="zh" tags=["hint"]
# 分两种：没有配方的，写 `grad`；有配方的，对 `parents` 里的每个位置查规则、调用、加进 `grads`。
# %% [markdown] lang="en" tags=["hint"]
# There are two kinds: without a recipe, write `grad`; with one, look up the rule for each place in `parents`, call it, and add to `grads`.
# %% [markdown] lang="zh" tags=["hint"]
# 加法写成 `old + new`；写进叶子之前用 `astype` 或 `copy` 造一份拷贝。
# %% [markdown] lang="en" tags=["hint"]
# Write the addition as `old + new`; make a copy, by `astype` or `copy`, before you write into a leaf.
# %% [markdown] lang="zh" tags=["question"] see="backprop"
# 把 `grads[parent] + slope` 换成只写 `slope`，第 1 节的图会得到什么？先用表格推，再改代码试试。哪一种图看不出这个错误？
# %% [markdown] lang="en" tags=["question"] see="backprop"
# If `grads[parent] + slope` is replaced by `slope` alone, what comes out for the graph of section 1? Work it out by the table, then change your code and try. On which graphs would the fault not be seen?
# %% [markdown] lang="zh" tags=["answer"]
# $c$ 后到的 6 盖掉了 9，于是 $b$ 得到 $6 \cdot 3 = 18$，$a$ 得到 $6 \cdot 2 = 12$（盖掉了先到的 6）。
# 没有分叉的图看不出来。有时有分叉也难发现：损失写成 `error * error` 时 `error` 用了两次，直筒的网络里每个斜率都只剩一半，训练只是慢些；加一条残差，才连方向也错了。
# %% [markdown] lang="en" tags=["answer"]
# The 6 that arrives at $c$ later replaces the 9, so $b$ gets $6 \cdot 3 = 18$ and $a$ gets $6 \cdot 2 = 12$ (which replaces the 6 that came earlier).
# On graphs without fan-out nothing is seen. Sometimes it is hard to see even with fan-out: a loss `error * error` uses `error` twice, so in a plain network every slope is halved and training is only slower; with a residual connection the direction is wrong as well.
# %% [markdown] lang="zh" tags=["question"] see="backprop"
# 往回走完，中间节点的斜率去哪儿了？如果都留着，什么会变大？
# %% [markdown] lang="en" tags=["question"] see="backprop"
# When the walk is over, where are the slopes at the nodes in between? If all were kept, what would grow?
# %% [markdown] lang="zh" tags=["answer"]
# 它们由 `grads.pop` 取出，用完以后没有变量再指着它们，内存随即收回。
# 都留着，内存就要多装一整份与前向结果一样大的数组；要看某一处的斜率，画图的函数会自己再走一遍。
# %% [markdown] lang="en" tags=["answer"]
# `grads.pop` takes them out; after use nothing refers to them any more, so their memory is free again.
# If all were kept, you would need memory for another set of arrays as large as all results on the way forward; to look at one of them, the drawing function walks once more by itself.
# %% [markdown] lang="zh"
# ## 5 · 更多规则
# ### 只有一个输入的规则
#
# 每多一条规则，引擎就多会一种运算。方法总是同一个：*拧一下输入，看哪些输出跟着变，变多少；把它们送来的斜率乘上、加起来。*
# 取负最简单，写在下面作示范：每个输出随自己的输入反着变。
# %% [markdown] lang="en"
# ## 5 · More rules
# ### Rules with a single input
#
# With each rule the engine knows one more operation. The way to find it is always the same: *turn an input, see which outputs change and by how much; multiply what arrives from them by that, and add.*
# Negation is the simplest, and stands below as a model: each output changes in the opposite direction to its own input.
# %%
def negative_back(grad_out: Array, out: Array, x: Array) -> Array:
    """The slope at `x`, from the slope at `out = -x`."""
    return -grad_out


# %% [markdown] lang="zh"
# ### 练习 · exp 的规则 · 5 分钟
#
# `out = np.exp(x)`，返回 $L$ 对 `x` 的斜率。
# 不必再算一遍 `np.exp`：它的斜率已经在手上了。
# 例如 `x` 是 0、`grad_out` 是 5：返回 5。
# %% [markdown] lang="en"
# ### Exercise · the rule of exp · 5 min
#
# `out = np.exp(x)`; return the slope of $L$ at `x`.
# There is no need to compute `np.exp` again: its slope is at hand already.
# With 0 for `x` and 5 for `grad_out`, for example, return 5.
# %% exercise="exp_back" difficulty=1 importance=3 minutes=5
def exp_back(grad_out: Array, out: Array, x: Array) -> Array:
    """The slope at `x`, from the slope at `out = np.exp(x)`."""
    # solution
    return grad_out * out


if __name__ == "__main__":
    tests.test_exp_back(exp_back)


# %% [markdown] lang="zh" tags=["hint"]
# exp 的导数是它自己：“它自己”在哪个参数里？
# %% [markdown] lang="en" tags=["hint"]
# The derivative of exp is exp itself: which argument holds it?
# %% [markdown] lang="zh"
# ### 练习 · reshape 的规则 · 5 分钟
#
# `out = np.reshape(x, shape)`，`shape` 是一个数或元组，里面可能有 $-1$。数一个没变，只是排法变了：把 `grad_out` 排回 `x` 的形状。
# 例如 `x` 是 `(2, 3)`，`grad_out` 是 `[0, 1, 2, 3, 4, 5]`：返回 `[[0, 1, 2], [3, 4, 5]]`。结果是不是视图都行。
# %% [markdown] lang="en"
# ### Exercise · the rule of reshape · 5 min
#
# `out = np.reshape(x, shape)`, where `shape` is a number or a tuple that may contain $-1$. No number changed, only their layout: bring `grad_out` back to the shape of `x`.
# With an `x` of shape `(2, 3)` and `[0, 1, 2, 3, 4, 5]` for `grad_out`, for example, return `[[0, 1, 2], [3, 4, 5]]`. Whether that is a view is up to you.
# %% exercise="reshape_back" difficulty=1 importance=2 minutes=5
def reshape_back(grad_out: Array, out: Array, x: Array, shape: int | tuple[int, ...]) -> Array:
    """The slope at `x`, from the slope at `out = x.reshape(shape)`."""
    # solution
    return grad_out.reshape(x.shape)


if __name__ == "__main__":
    tests.test_reshape_back(reshape_back)


# %% [markdown] lang="zh" tags=["hint"]
# 目标形状在哪个参数里？`shape` 用得上吗？
# %% [markdown] lang="en" tags=["hint"]
# Which argument has the shape that you want? Is `shape` of any use?
# %% [markdown] lang="zh"
# ### 练习 · permute 的规则 · 10 分钟
#
# `out = np.transpose(x, axes)`：`out` 的第 $i$ 个轴是 `x` 的第 `axes[i]` 个轴；`axes` 是元组，可能有负的下标。
# 返回 $L$ 对 `x` 的斜率，形状与 `x` 相同。
# 例如 `x` 是 `(2, 3, 4)`，`axes` 是 `(2, 0, 1)`，`grad_out` 就是 `(4, 2, 3)`。
# 再用一次同样的 `axes` 得到 `(3, 4, 2)`，不对：要用*逆*排列，这里是 `(1, 2, 0)`。试的时候用三个轴，并且让三个都挪位置：只对调两个轴时，对调与换回来是同一个排列，错了也看不出来。
# %% [markdown] lang="en"
# ### Exercise · the rule of permute · 10 min
#
# `out = np.transpose(x, axes)`: axis $i$ of `out` is axis `axes[i]` of `x`; `axes` is a tuple, and may hold negative indices.
# Return the slope of $L$ at `x`, in the shape of `x`.
# With an `x` of shape `(2, 3, 4)` and the `axes` `(2, 0, 1)`, for example, `grad_out` has the shape `(4, 2, 3)`.
# The same `axes` once more would give `(3, 4, 2)`, which is wrong: you need the *inverse* permutation, here `(1, 2, 0)`. Try it with three axes that all move: to swap two axes and to swap them back is the same permutation, so the error can't show.
# %% exercise="permute_back" difficulty=2 importance=2 minutes=10
def permute_back(grad_out: Array, out: Array, x: Array, axes: tuple[int, ...]) -> Array:
    """The slope at `x`, from the slope at `out = np.transpose(x, axes)`."""
    # solution
    return grad_out.transpose(np.argsort([axis % x.ndim for axis in axes]))


if __name__ == "__main__":
    tests.test_permute_back(permute_back)


# %% [markdown] lang="zh" tags=["hint"]
# `out` 的第 $i$ 个轴要回到哪里去？
# %% [markdown] lang="en" tags=["hint"]
# Where does axis $i$ of `out` have to go?
# %% [markdown] lang="zh" tags=["hint"]
# `np.argsort` 给出排列的逆；负的下标先对轴数取余。
# %% [markdown] lang="en" tags=["hint"]
# `np.argsort` gives the inverse of a permutation; take negative indices modulo the number of axes first.
# %% [markdown] lang="zh"
# ### 练习 · 求和的规则 · 10 分钟
#
# `out` 是 `x` 沿 `dim` 的和，参数用 torch 的名字：`dim` 是一个下标、几个下标的元组（不空），或者 `None`（全部求和），可能为负；`keepdim=True` 时求和的轴留下，长度为 1。
# 每个输入都以斜率 1 进入它那个和，所以和收到的斜率原样送给每一个加数：求和的反面是广播，正如广播的反面是求和。
# 返回的形状与 `x` 相同。例如 `x` 是 `(2, 3)`、`dim=1`、`grad_out` 是 `[6, 60]`：返回三个 6 一行，三个 60 一行。
# 结果只读也行，例如 `np.broadcast_to` 给的：它把数组当作拉长到某个形状，不拷贝。
# %% [markdown] lang="en"
# ### Exercise · the rule of sum · 10 min
#
# `out` is the sum of `x` over `dim`, with torch's names for the arguments: `dim` is an index, a tuple of one or more indices, or `None` (all of them), possibly negative; with `keepdim=True` the summed axes stay, with length 1.
# Each input goes into its sum with slope 1, so what arrives at the sum goes unchanged to each of its terms: the opposite of a sum is broadcasting, as the opposite of broadcasting is a sum.
# The result has the shape of `x`. With an `x` of shape `(2, 3)`, `dim=1` and `[6, 60]` for `grad_out`, for example, return a row of three 6s and a row of three 60s.
# The result may be read-only, like what `np.broadcast_to` gives: that function acts as if it stretched an array to a shape, without a copy.
# %% exercise="sum_back" difficulty=3 importance=3 minutes=10
def sum_back(
    grad_out: Array, out: Array, x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False
) -> Array:
    """The slope at `x`, from the slope at `out = x.sum(axis=dim, keepdims=keepdim)`."""
    # solution
    if dim is not None:
        kept = list(x.shape)
        for axis in (dim,) if isinstance(dim, int) else dim:
            kept[axis] = 1
        grad_out = grad_out.reshape(kept)
    grad_x = np.empty_like(x)
    grad_x[...] = grad_out
    return grad_x


if __name__ == "__main__":
    tests.test_sum_back(sum_back)


# %% [markdown] lang="zh" tags=["hint"]
# `keepdim=False` 时轴没了，广播会把它对到哪里去？
# %% [markdown] lang="en" tags=["hint"]
# With `keepdim=False` the axis is gone; where would broadcasting put it?
# %% [markdown] lang="zh" tags=["hint"]
# 先用 `np.expand_dims` 把轴补回来，它既接受一个下标，也接受元组。
# %% [markdown] lang="en" tags=["hint"]
# First put the axes back by `np.expand_dims`, which takes an index or a tuple.
# %% [markdown] lang="zh" tags=["hint"]
# 然后广播到 `x` 的形状，例如写进一个 `np.empty_like(x)`。
# %% [markdown] lang="en" tags=["hint"]
# Then broadcast to the shape of `x`, for example by writing into an `np.empty_like(x)`.
# %% [markdown] lang="zh"
# ### 练习 · 下标的规则 · 10 分钟
#
# `out = x[index]`；`index` 是 NumPy 接受的任何下标：整数、切片、整数列表或数组、布尔数组、它们的元组。
# 没选中的位置斜率是 0；选中的收到 `grad_out` 里对应的那个。
# 同一个位置选了几次，就是分叉：几份斜率*加*起来；怎样加随你，循环也够快。
# 例如 `x` 有 3 个数，`index = [0, 0, 2]`，`grad_out` 是 `[1, 10, 100]`：返回 `[11, 0, 100]`。
# %% [markdown] lang="en"
# ### Exercise · the rule of indexing · 10 min
#
# `out = x[index]`, where `index` is anything that NumPy accepts: an integer, a slice, a list or an array of integers, an array of booleans, or a tuple of these.
# Places that weren't picked have slope 0; a picked one gets what `grad_out` has for it.
# A place that was picked several times has fan-out: *add* what comes back; how you do so is free, and a loop is quick enough.
# With three numbers in `x`, `index = [0, 0, 2]` and `[1, 10, 100]` for `grad_out`, for example, return `[11, 0, 100]`.
# %% exercise="getitem_back" difficulty=2 importance=3 minutes=10
def getitem_back(grad_out: Array, out: Array, x: Array, index: Any) -> Array:
    """The slope at `x`, from the slope at `out = x[index]`."""
    # solution
    grad_x = np.zeros_like(x)
    np.add.at(grad_x, index, grad_out)
    return grad_x


if __name__ == "__main__":
    tests.test_getitem_back(getitem_back)


# %% [markdown] lang="zh" tags=["hint"]
# `zeros[index] += grad_out` 对 `[0, 0, 2]` 给出什么？试一试。
# %% [markdown] lang="en" tags=["hint"]
# What does `zeros[index] += grad_out` give for `[0, 0, 2]`? Try it.
# %% [markdown] lang="zh" tags=["hint"]
# `np.add` 这样的 NumPy 函数（叫 ufunc）有 `.at`，它一个一个地做，重复的也做。
# %% [markdown] lang="en" tags=["hint"]
# NumPy's functions like `np.add` (called ufuncs) have an `.at`, which goes one by one, repeats included.
# %% [markdown] lang="zh" tags=["question"] see="getitem_back"
# 设 `zeros = np.zeros_like(x)`：`zeros[index] += grad_out` 先把选中的位置全读出来，加好，再全写回去。上面的例子会得到什么？重复的下标为什么会丢掉一份？
# %% [markdown] lang="en" tags=["question"] see="getitem_back"
# With `zeros = np.zeros_like(x)`, `zeros[index] += grad_out` first reads all the picked places, then adds, then writes them all back. What does it give for the example above, and why is a part lost when an index occurs twice?
# %% [markdown] lang="zh" tags=["answer"]
# 它先把 `zeros[index]` 整个读出来（一份拷贝），加上 `grad_out`，再整个写回去。
# 两个 0 号位都读到 0，分别变成 1 和 10，先后写进同一处，后写的盖掉先写的：得到 10，不是 11，整个是 `[10, 0, 100]`。
# %% [markdown] lang="en" tags=["answer"]
# It first reads all of `zeros[index]` (a copy), adds `grad_out`, then writes all of it back.
# Place 0 is read twice as 0, becomes 1 and 10, and both are written to the same place, the later over the earlier: 10, and not 11; in all `[10, 0, 100]`.
# %% [markdown] lang="zh"
# ### 四则运算与最大值
#
# 加法的规则你已经见过：原样送回，撤销广播。减法只在第二个参数上反号。除法 $x / y$ 对 $x$ 的斜率是 $1/y$，这一半给好了；另一半你写。
# 比较（`x > 0`）和 argmax 没有规则：拧一下输入，结果几乎总是不变。除了跳变的地方（那里没有斜率），斜率都是 0。所以它们的结果不要求梯度，图到那里为止；我们不包装它们，直接用数组算。
# %% [markdown] lang="en"
# ### Arithmetic, and the maximum
#
# The rule of addition you have seen: send it back unchanged, and undo broadcasting. Subtraction reverses the sign for its second argument only. For division, $x / y$ has slope $1/y$ at $x$; this half is given, and the other is yours.
# Comparisons (`x > 0`) and argmax have no rule: turn the input a little, and their result almost never changes; the slope is 0 everywhere but at the jumps, where there is none. So what they give wants no gradient, and the graph ends there; we don't wrap them, but compute them on arrays.
# %%
def subtract_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    return unbroadcast(-grad_out, y)


def true_divide_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    return unbroadcast(grad_out / y, x)


# %% [markdown] lang="zh"
# ### 练习 · 除法的规则，第二个参数 · 5 分钟
#
# `out = x / y`，两者可以互相广播，`x` 可能是一个 Python 的数。返回 $L$ 对 `y` 的斜率 $-x / y^2$ 乘上游，形状与 `y` 相同。
# 例如 `x` 是 6、`y` 是 2、`grad_out` 是 10：返回 $-15$。
# %% [markdown] lang="en"
# ### Exercise · the rule of division, second argument · 5 min
#
# `out = x / y`, where either may be broadcast to the other, and `x` may be one of Python's numbers. Return the slope of $L$ at `y`, which is $-x / y^2$ times what arrives, in the shape of `y`.
# With 6 for `x`, 2 for `y` and 10 for `grad_out`, for example, return $-15$.
# %% exercise="true_divide_back1" difficulty=2 importance=2 minutes=5
def true_divide_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    """The slope at `y`, from the slope at `out = x / y`."""
    # solution
    return unbroadcast(-grad_out * out / y, y)


if __name__ == "__main__":
    tests.test_true_divide_back1(true_divide_back1)


# %% [markdown] lang="zh" tags=["hint"]
# 三步：乘上 $-x/y^2$，当心符号，最后形状要与谁一样？
# %% [markdown] lang="en" tags=["hint"]
# Three steps: multiply by $-x/y^2$, watch the sign; and whose shape does it need in the end?
# %% [markdown] lang="zh" tags=["hint"]
# `out` 就是 $x/y$：可以少做一次除法。
# %% [markdown] lang="en" tags=["hint"]
# `out` is $x/y$: that saves a division.
# %% [markdown] lang="zh"
# ### 练习 · 最大值的规则 · 10 分钟
#
# `out = np.maximum(x, y)`，逐项取大的；两者可以互相广播，`y` 可能是一个 Python 的数。返回 $L$ 对 `x` 的斜率，形状与 `x` 相同。
# `x` 大的地方全部送给 `x`，`y` 大的地方送 0，相等的地方各送*一半*（torch 也这样约定：两边合起来不多不少）。
# 例如 `x` 是 `[1, 5, 2]`、`y` 是 `2.0`、`grad_out` 是 `[10, 20, 30]`：返回 `[0, 20, 15]`。
# 第二个参数的规则给好了：最大值不分先后，把 `x` 和 `y` 对调就是。
# %% [markdown] lang="en"
# ### Exercise · the rule of the maximum · 10 min
#
# `out = np.maximum(x, y)` takes the larger term by term; either may be broadcast to the other, and `y` may be one of Python's numbers. Return the slope of $L$ at `x`, in the shape of `x`.
# Where `x` is larger, all that arrives goes to `x`; where `y` is larger, 0 goes; where they are equal, *half* of it goes (torch does the same: the two shares make up the whole).
# With `[1, 5, 2]` for `x`, `2.0` for `y` and `[10, 20, 30]` for `grad_out`, for example, return `[0, 20, 15]`.
# The rule for the second argument is given: a maximum doesn't care about order, so `x` and `y` change places.
# %% exercise="maximum_back0" difficulty=2 importance=3 minutes=10
def maximum_back0(grad_out: Array, out: Array, x: Array, y: Array | Number) -> Array:
    """The slope at `x`, from the slope at `out = np.maximum(x, y)`; equals share it by halves."""
    # solution
    share = np.asarray(x > y, dtype=grad_out.dtype)
    share[x == y] = 0.5
    return unbroadcast(grad_out * share, x)


def maximum_back1(grad_out: Array, out: Array, x: Array | Number, y: Array) -> Array:
    return maximum_back0(grad_out, out, y, x)


if __name__ == "__main__":
    tests.test_maximum_back0(maximum_back0)

# %% [markdown] lang="zh" tags=["hint"]
# 三种情形，三个份额：1、0 和多少？
# %% [markdown] lang="en" tags=["hint"]
# Three cases, three shares: 1, 0, and what?
# %% [markdown] lang="zh" tags=["hint"]
# 布尔数组乘浮点数组得浮点数组；`float32` 要保持原样：`np.where` 里写两个 Python 的数，或者新造一个数组，默认都是 `float64`。
# %% [markdown] lang="en" tags=["hint"]
# Booleans times floats are floats; keep `float32`: `np.where` with two of Python's numbers, and new arrays, are `float64` by default.
# %% [markdown] lang="zh" tags=["hint"]
# 先造份额的数组，再乘，最后撤销广播。
# %% [markdown] lang="en" tags=["hint"]
# Make the array of shares, multiply, and undo broadcasting last.
# %%
# More rules. When you change one, run this cell again.
RULES |= {
    (np.exp, 0): exp_back,
    (np.negative, 0): negative_back,
    (np.subtract, 0): add_back0,
    (np.subtract, 1): subtract_back1,
    (np.true_divide, 0): true_divide_back0,
    (np.true_divide, 1): true_divide_back1,
    (np.maximum, 0): maximum_back0,
    (np.maximum, 1): maximum_back1,
    (np.reshape, 0): reshape_back,
    (np.transpose, 0): permute_back,
    (array_sum, 0): sum_back,
    (array_getitem, 0): getitem_back,
}
BACK_FUNCS = BackwardFuncLookup(RULES)


# %% [markdown] lang="zh"
# ### 练习 · relu · 5 分钟
#
# 返回 `Tensor`：正的原样，其余是 0。要能求梯度：用前面的运算拼出来。
# `x` 为正的地方斜率是 1，为负的地方是 0；恰好为 0 的地方是尖角，0 到 1 之间都算对。
# 例如 `[-1, 2]` 给出 `[0, 2]`，上游 `[10, 20]` 送回 `[0, 20]`。
# 结果的类型与 `x` 相同；`x` 不要求梯度，结果也不要求。
# %% [markdown] lang="en"
# ### Exercise · relu · 5 min
#
# Return a `Tensor`: positive numbers as they are, all else 0. It must have a gradient: build it from operations that you have.
# Where `x` is positive the slope is 1, where it is negative 0; exactly at 0 there is a corner, and anything from 0 to 1 is right.
# For example `[-1, 2]` gives `[0, 2]`, and `[10, 20]` from upstream goes back as `[0, 20]`.
# The result has the dtype of `x`; where `x` wants no gradient, neither does the result.
# %% exercise="relu" difficulty=1 importance=3 minutes=5
def relu(x: Tensor) -> Tensor:
    """`x` where it is positive, else 0."""
    # solution
    return maximum(x, 0.0)


if __name__ == "__main__":
    tests.test_relu(relu)

# %% [markdown] lang="zh" tags=["hint"]
# 它是两个数里大的那个：哪两个？
# %% [markdown] lang="en" tags=["hint"]
# It is the larger of two numbers: which two?
# %% [markdown] lang="zh" numbers="34 56"
# ## 6 · 矩阵乘法
# ### 先对形状，再对下标
#
# 网络一大，大部分时间就花在 `out = x @ y` 这样的乘法上。`x` 是 `n k`，`y` 是 `k m`，`out` 和 `grad_out` 是 `n m`。
# $L$ 对 `x` 的斜率必须是 `n k`。手上有 `n m` 的 `grad_out` 和 `k m` 的 `y`：只有 `grad_out @ y.T` 拼得出 `n k`。
# 形状是好线索，却不是证明：`n`、`k`、`m` 相等时什么都拼得出。
#
# 证明只要一步。$\text{out}_{ij} = \sum_r x_{ir}\, y_{rj}$。拧其中一个 $x_{ik}$：第 $i$ 行的每个 $\text{out}_{ij}$ 都变；$x_{ik}$ 每变 1，它变 $y_{kj}$。
# 把它们送来的乘上、加起来：$\sum_j \text{grad}_{ij}\, y_{kj}$，正是 `grad_out @ y.T` 的第 $i$ 行第 $k$ 列。
#
# 用数走一遍：`x` 是一行 $1, 2$，`y` 的两行是 $3, 4$ 和 $5, 6$，`grad_out` 是一行 $10, 1$。
# 拧 $x_0$，两个输出各变 3 和 4：$10 \cdot 3 + 1 \cdot 4 = 34$；拧 $x_1$：$10 \cdot 5 + 1 \cdot 6 = 56$。
# %% [markdown] lang="en" numbers="34 56"
# ## 6 · Matrix multiplication
# ### First by shapes, then by indices
#
# Large networks spend most of their time on products like `out = x @ y`. Here `x` is `n k`, `y` is `k m`, `out` and `grad_out` are `n m`.
# The slope of $L$ at `x` must be `n k`. You have a `grad_out` of `n m` and a `y` of `k m`: only `grad_out @ y.T` makes `n k` of them.
# Shapes are a good clue and no proof: with `n`, `k` and `m` equal, anything fits.
#
# The proof is one step. $\text{out}_{ij} = \sum_r x_{ir}\, y_{rj}$. Turn one number, $x_{ik}$, and each $\text{out}_{ij}$ of row $i$ changes: by $y_{kj}$ when $x_{ik}$ changes by 1.
# Multiply what arrives from them by that, and add: $\sum_j \text{grad}_{ij}\, y_{kj}$, which is row $i$, column $k$ of `grad_out @ y.T`.
#
# With numbers: `x` is one row $1, 2$, the rows of `y` are $3, 4$ and $5, 6$, and `grad_out` is one row $10, 1$.
# Turn $x_0$, and the two outputs change by 3 and 4: $10 \cdot 3 + 1 \cdot 4 = 34$; turn $x_1$: $10 \cdot 5 + 1 \cdot 6 = 56$.
# %%
if __name__ == "__main__":
    x, y, grad_out = np.array([[1.0, 2]]), np.array([[3.0, 4], [5, 6]]), np.array([[10.0, 1]])
    for k in range(2):
        turned = x.copy()
        turned[0, k] += 1  # the product is linear in x, so that a whole 1 is a nudge, too
        print(f"turn x{k}: outputs change by {(turned @ y - x @ y)[0]}, L by {((turned @ y - x @ y) * grad_out).sum()}")


# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘法的规则，左边 · 10 分钟
#
# `out = x @ y`，都是两个轴。返回 $L$ 对 `x` 的斜率。例如上面的数：返回 `[[34, 56]]`。
# %% [markdown] lang="en"
# ### Exercise · the rule of matrix multiplication, left · 10 min
#
# `out = x @ y`, all with two axes. Return the slope of $L$ at `x`. For the numbers above, for example, that is `[[34, 56]]`.
# %% exercise="matmul2d_back0" difficulty=2 importance=5 minutes=10
def matmul2d_back0(
    grad_out: Float[np.ndarray, "n m"],
    out: Float[np.ndarray, "n m"],
    x: Float[np.ndarray, "n k"],
    y: Float[np.ndarray, "k m"],
) -> Float[np.ndarray, "n k"]:
    """The slope at `x`, from the slope at `out = x @ y`."""
    # solution
    return grad_out @ y.T


if __name__ == "__main__":
    tests.test_matmul2d_back0(matmul2d_back0)


# %% [markdown] lang="zh" tags=["hint"]
# `n m` 和 `k m` 怎样乘出 `n k`？
# %% [markdown] lang="en" tags=["hint"]
# How do `n m` and `k m` multiply to `n k`?
# %% [markdown] lang="zh" tags=["hint"]
# 谁要转置？`.T` 是视图，不拷贝数据。
# %% [markdown] lang="en" tags=["hint"]
# Which needs a transpose? `.T` is a view, and copies no data.
# %% [markdown] lang="zh"
# ### 练习 · 矩阵乘法的规则，右边 · 5 分钟
#
# 同样的 `out = x @ y`，返回 $L$ 对 `y` 的斜率，形状是 `k m`。
# 例如上面的数：$y_{00}$ 只影响第 0 个输出，变 $x_0 = 1$，送来 10；所以返回 `[[10, 1], [20, 2]]`。
# %% [markdown] lang="en"
# ### Exercise · the rule of matrix multiplication, right · 5 min
#
# The same `out = x @ y`; return the slope of $L$ at `y`, of shape `k m`.
# For the numbers above, for example, $y_{00}$ affects only output 0, by $x_0 = 1$, and 10 arrives from it; so return `[[10, 1], [20, 2]]`.
# %% exercise="matmul2d_back1" difficulty=2 importance=5 minutes=5
def matmul2d_back1(
    grad_out: Float[np.ndarray, "n m"],
    out: Float[np.ndarray, "n m"],
    x: Float[np.ndarray, "n k"],
    y: Float[np.ndarray, "k m"],
) -> Float[np.ndarray, "k m"]:
    """The slope at `y`, from the slope at `out = x @ y`."""
    # solution
    return x.T @ grad_out


if __name__ == "__main__":
    tests.test_matmul2d_back1(matmul2d_back1)


# %% [markdown] lang="zh" tags=["hint"]
# 这次要从 `n k` 和 `n m` 拼出 `k m`。
# %% [markdown] lang="en" tags=["hint"]
# This time `k m` is to be made of `n k` and `n m`.
# %% [markdown] lang="zh" tags=["hint"]
# 转置的那个站在左边。
# %% [markdown] lang="en" tags=["hint"]
# The one that is transposed stands on the left.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 成批的矩阵乘法 · 15 分钟
#
# `np.matmul` 也接受更多的轴：最后两个轴做矩阵乘法，前面的是批（签名里的 `*batch`，几个轴都行），互相广播。
# 返回 $L$ 对 `x` 的斜率，形状与 `x` 相同：批的轴若被广播过，就要加回去。两者都至少有两个轴。
# 例如 `x` 是 `(2, 3)`，`y` 是 `(5, 3, 4)`：`out` 是 `(5, 2, 4)`，同一个 `x` 用了五次，返回五份之和，形状 `(2, 3)`。
# 右边的规则给好了：$(xy)^\top = y^\top x^\top$，转置之后左右对调，正好用你写的左边。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · matrix multiplication in batches · 15 min
#
# `np.matmul` takes more axes: the last two are multiplied as matrices, those before are batches (`*batch` in the signature: any number of axes), broadcast to each other.
# Return the slope of $L$ at `x`, in the shape of `x`: where its batch axes were broadcast, they are summed. Both have two axes at least.
# With an `x` of shape `(2, 3)` and a `y` of shape `(5, 3, 4)`, for example, `out` has the shape `(5, 2, 4)`; the same `x` was used five times, so return the sum of five, of shape `(2, 3)`.
# The rule for the right is given: $(xy)^\top = y^\top x^\top$, so after transposing, left and right change places, and your rule for the left can be used.
# %% exercise="matmul_back0" difficulty=3 importance=3 minutes=15
def matmul_back0(
    grad_out: Float[np.ndarray, "*batch n m"],
    out: Float[np.ndarray, "*batch n m"],
    x: Float[np.ndarray, "*batch_x n k"],
    y: Float[np.ndarray, "*batch_y k m"],
) -> Float[np.ndarray, "*batch_x n k"]:
    """The slope at `x`, from the slope at `out = x @ y`, whose axes before the last two are broadcast."""
    # solution
    return unbroadcast(grad_out @ y.swapaxes(-1, -2), x)


def matmul_back1(grad_out: Array, out: Array, x: Array, y: Array) -> Array:
    grad_out, out, x, y = (a.swapaxes(-1, -2) for a in (grad_out, out, x, y))
    return matmul_back0(grad_out, out, y, x).swapaxes(-1, -2)


if __name__ == "__main__":
    tests.test_matmul_back0(matmul_back0)

# %% [markdown] lang="zh" tags=["hint"]
# `.T` 会把所有的轴都倒过来：这里只要换哪两个？
# %% [markdown] lang="en" tags=["hint"]
# `.T` reverses all axes: which two should change places here?
# %% [markdown] lang="zh" tags=["hint"]
# `swapaxes(-1, -2)`；然后形状还可能比 `x` 的多些什么？
# %% [markdown] lang="en" tags=["hint"]
# `swapaxes(-1, -2)`; what may the shape then still have that `x` hasn't?
# %% [markdown] lang="zh" tags=["hint"]
# 最后两个轴不会被广播，所以撤销广播的函数可以直接用。
# %% [markdown] lang="en" tags=["hint"]
# The last two axes are never broadcast, so the function that undoes broadcasting can be used as it is.
# %%
# With these rules the engine is complete. When you change one, run this cell again.
RULES |= {(np.dot, 0): matmul2d_back0, (np.dot, 1): matmul2d_back1}
RULES |= {(np.matmul, 0): matmul_back0, (np.matmul, 1): matmul_back1}
BACK_FUNCS = BackwardFuncLookup(RULES)


# %% [markdown] lang="zh"
# ### 看：用你的引擎拟合一条曲线
#
# 一个输入，20 个隐藏单元，一个输出；每步只做三件事：前向、`backward()`、沿斜率退一小步。
# 改参数时用 `p.array -= …`：直接改数组，不经过 `Tensor` 的运算，就不会记进图里。
# %% [markdown] lang="en"
# ### Look: your engine fits a curve
#
# One input, 20 hidden units, one output; each step does three things: forward, `backward()`, and a small step down the slope.
# Parameters are changed by `p.array -= …`: this acts on the array directly and not through operations of `Tensor`, and so nothing is noted in a graph.
# %%
def fit_sine(x: np.ndarray, steps: int = 2000) -> np.ndarray:
    """What a network of one hidden layer makes of `x`, after training on the sine."""
    rng = np.random.default_rng(0)  # the same random numbers each time; normal: of the normal distribution
    arrays = rng.normal(size=(1, 20)), rng.normal(size=20), rng.normal(size=(20, 1)) / 5, np.zeros(1)
    w1, b1, w2, b2 = params = [Tensor(array, requires_grad=True) for array in arrays]
    predicted = Tensor(x)
    for step in range(steps):
        predicted = (Tensor(x) @ w1 + b1).relu() @ w2 + b2
        error = predicted - np.sin(x)
        loss = (error * error).mean()
        loss.backward()
        for p in params:
            p.array -= 0.05 * p.grad.array
            p.grad = None  # or the next step would add to it
        if step in (0, steps - 1):
            print(f"step {step}: loss {loss.item():.4f}")
    return predicted.array


if __name__ == "__main__":
    written = tests.test_relu(relu) and tests.test_sum_back(sum_back)
    if written and tests.test_matmul2d_back0(matmul2d_back0) and tests.test_matmul2d_back1(matmul2d_back1):
        w, x, bias = Tensor([[2.0, -1.0]], requires_grad=True), Tensor([[3.0], [1.0]]), Tensor(1.0, requires_grad=True)
        L = (w @ x + bias).relu() * 3.0
        figures.graph(L, BACK_FUNCS.get_back_func, {"w": w, "x": x, "bias": bias, "L": L}).show()
        inputs = np.linspace(-3, 3, 64)[:, None]
        figures.fitted(inputs, fit_sine(inputs), np.sin(inputs)).show()

# %% [markdown] lang="zh" tags=["question"] see="matmul2d_back1"
# 去掉 `p.grad = None` 再运行，会怎样？先猜：发散（diverge，损失越来越大，没有止境）、变慢，还是一样？
# %% [markdown] lang="en" tags=["question"] see="matmul2d_back1"
# Take `p.grad = None` out and run it again: what happens? Guess first: does it **diverge** (the loss grows without limit), slow down, or stay the same?
# %% [markdown] lang="zh" tags=["answer"]
# 发散。每一步都带着以前所有步的斜率：到了谷底也停不下来，损失先来回摆动，后来越摆越大，两百步之内就成了 `nan`。
# “加到 `grad` 上”是为了分叉和分批；清零是使用者的事。
# %% [markdown] lang="en" tags=["answer"]
# It diverges. Each step carries the slopes of all steps before, so it can't stop at the bottom: the loss goes up and down, then further and further up, and within two hundred steps it is `nan`.
# Adding to `grad` is there for fan-out and for batches in parts; clearing it is up to whoever uses it.
# %% [markdown] lang="zh"
# ## 7 · 就地改动的危险
# ### 配方里存的是同一个数组
#
# 配方存的是数组本身，不是拷贝：省内存，也省时间。即使这样，训练也比只做前向费内存得多：每个中间结果都要留到往回走时用完，层越多越费。规则真正要的有多有少：乘法要两个因子，加法只要形状，relu 只要知道哪里为正。
# 代价是：前向之后、`backward()` 之前，谁要是*就地*改了那个数组，规则读到的就是新值，斜率就错了，而且没有任何提示。碰不得的是规则要读的那个：exp 读自己的结果 `out`，之后改 `out` 就错，改 `x` 却不要紧；log 正好相反。
# %% [markdown] lang="en"
# ## 7 · The danger of changes in place
# ### The recipe holds the same array
#
# A recipe keeps the array itself and no copy, which saves memory and time. Even so training takes far more memory than a forward pass alone: every result on the way must stay until the way back has used it, so each layer adds to it. Some rules need more than others: multiplication needs both factors, addition only their shapes, and relu only where its input is positive.
# The price: if somebody changes that array *in place* after the forward pass and before `backward()`, the rule reads the new value, the slope is wrong, and nothing tells you. What must not change is what the rule reads: the rule of exp reads its result `out`, so a later change of `out` spoils the slope, and a change of `x` doesn't; for log it is the other way round.
# %% [markdown] lang="zh" tags=["question"] see="add_"
# 先预测，再运行下一格：$L = w \cdot x$，$x$ 是数据 5。前向以后把 `x.array` 加上 100，再 `backward()`：`w.grad` 是 5 还是 105？那一刻 $L$ 的值是多少？
# %% [markdown] lang="en" tags=["question"] see="add_"
# Predict, then run the next cell: $L = w \cdot x$, where $x$ is 5, data. After the forward pass 100 is added to `x.array`, and then comes `backward()`: is `w.grad` 5 or 105? And what is $L$ at that moment?
# %% [markdown] lang="zh" tags=["answer"]
# `w.grad` 是 105，而 $L$ 还是 10，那是用 5 算的。`x` 不要求梯度，也一样出事：要紧的不是“对谁求梯度”，而是“规则还要读谁”。
# %% [markdown] lang="en" tags=["answer"]
# `w.grad` is 105, and $L$ is still 10, computed with 5. It happens although `x` wants no gradient: what matters isn't whose gradient is wanted, but which values a rule still reads.
# %%
if __name__ == "__main__":
    if tests.test_backprop(backprop):
        w, x = Tensor(np.array([2.0]), requires_grad=True), Tensor(np.array([5.0]))
        L = w * x
        x.array += 100  # in place: the recipe of L holds this very array
        L.backward()
        print("L:", L.array, " slope at w:", w.grad.array)


# %% [markdown] lang="zh"
# torch 的每个张量带一个版本号，就地改动就加一；配方记下当时的版本，往回走时一对不上就报错。我们的引擎没有。
# 我们还没有的：中间节点的钩子（hook）；二阶导数（torch 的规则本身大多也由可求导的运算写成）；GPU；用完图就释放内存。torch 还可以按要求省内存：只留下一部分中间结果，往回走时把缺的重算一遍，代价是多花时间。
# `end_node` 不止一个数时，torch 不替你猜每个数占多大分量，要求写明起点的斜率；我们默认全是 1。
# 它们大多是工程，不是新的数学：torch 的自动求导，核心也是图、规则、拓扑序这三样。程序里有 `if`、有长短随数据而变的循环也不要紧：图只记下这一次走过的运算，斜率也是这一次的；“走哪一支、转几圈”这个选择本身不产生斜率。
# %% [markdown] lang="en"
# In torch each tensor carries a version number, and each change in place raises it by one. A recipe notes the version; if it isn't the same on the way back, there is an error. Our engine has no such thing.
# Other things that it lacks: hooks at nodes in between; second derivatives (most of torch's rules are themselves written in operations that can be differentiated); GPUs; and freeing memory as soon as a graph has been used. Torch can also save memory, if you ask it to: it keeps only some of the results on the way, and computes the others once more on the way back, which costs time.
# Where `end_node` isn't a single number, torch doesn't guess how much each counts: you must give the slopes to start with. Our engine takes 1 everywhere.
# Most of that is engineering and no new mathematics: a graph, rules and a topological order are the core of torch's engine, too. An `if` does no harm, nor does a loop whose length depends on the data: the graph notes the operations of this run and no others, and the slope is that of this run; the choice of branch or length adds nothing to it.
# %% [markdown] lang="zh"
# ### 练习 · 就地相加 · 10 分钟
#
# 把 `alpha * other` 加到 `x` 的数组上，*就地*：之后 `x.array` 还是同一个数组，这次改动不记进配方（`x.recipe` 照旧），`grad` 不变；返回 `x` 本身。
# `other` 是 `Tensor`（不会是 `x` 自己）、数组或 Python 的数，可以广播到 `x` 的形状，并且不变；`x.array` 的类型不变。
# 例如 `x` 是 `[1.0, 2.0]`，`other` 是张量 `[10.0, 20.0]`，`add_(x, other, alpha=-0.1)` 之后前者是 `[0.0, 0.0]`。
# `Tensor.tracking` 是 `True` 而 `x` 要求梯度时（不管它是叶子还是算出来的），报 `RuntimeError`，并且什么也不改：这时的改动既没有记进图，又可能弄坏存下的值。
# 优化器先把 `Tensor.tracking` 设成 `False`，改完再设回来：下一课的 `NoGrad` 就做这件事。
# %% [markdown] lang="en"
# ### Exercise · add in place · 10 min
#
# Add `alpha * other` to the array of `x`, *in place*: afterwards `x.array` is still the same array, the change isn't noted in a recipe (`x.recipe` stays), and its `grad` hasn't changed; return `x` itself.
# `other` is a `Tensor` (never `x` itself), an array or one of Python's numbers; it can be broadcast to the shape of `x`, and stays unchanged; the dtype of `x.array` stays.
# If `x` is `[1.0, 2.0]` and `other` a tensor `[10.0, 20.0]`, for example, then after `add_(x, other, alpha=-0.1)` the former is `[0.0, 0.0]`.
# While `Tensor.tracking` is `True` and `x` wants a gradient (as a leaf or as a result), raise `RuntimeError` and change nothing: the change would be noted in no graph, and could spoil a saved value.
# An optimiser sets `Tensor.tracking` to `False` first, and back when it is done: the next lesson's `NoGrad` does just that.
# %% exercise="add_" difficulty=2 importance=2 minutes=10
def add_(x: Tensor, other: Operand, alpha: Number = 1) -> Tensor:
    """`x` itself, its array raised by `alpha * other` in place; RuntimeError where a gradient of `x` is wanted."""
    # solution
    if Tensor.tracking and x.requires_grad:
        raise RuntimeError(
            "add_: x wants a gradient, and its value may be saved in a recipe: set Tensor.tracking = False"
        )
    x.array += alpha * (other.array if isinstance(other, Tensor) else other)
    return x


if __name__ == "__main__":
    if tests.test_add_(add_):
        x = Tensor([1.0, 2.0])
        print(add_(x, Tensor([10.0, 20.0]), alpha=-0.1))

# %% [markdown] lang="zh" tags=["hint"]
# `x.array = x.array + …` 和 `x.array += …` 差在哪里？
# %% [markdown] lang="en" tags=["hint"]
# How do `x.array = x.array + …` and `x.array += …` differ?
# %% [markdown] lang="zh" tags=["hint"]
# 先检查，后改动：两个条件都成立才报错。
# %% [markdown] lang="en" tags=["hint"]
# Check first, change after: the error comes only if both conditions hold.
# %% [markdown] lang="zh" tags=["question"] see="add_"
# 在 `Tensor.tracking = False` 时用 `add_` 改参数 `w`，在前向与 `backward()` 之间，安全吗？在 `backward()` 之后呢？
# %% [markdown] lang="en" tags=["question"] see="add_"
# Is it safe to change a parameter `w` by `add_` under `Tensor.tracking = False` between the forward pass and `backward()`? And after `backward()`?
# %% [markdown] lang="zh" tags=["answer"]
# 之间不安全：`w.array` 存在配方里，规则只要还用得着 `w` 的值，读到的就是新值。之后安全，只要不再对旧图调用 `backward()`：下一次前向会写新的配方。
# 开关挡住的是最常见的错误，不是所有的错误；torch 的版本号连这一种也能发现。
# %% [markdown] lang="en" tags=["answer"]
# In between it isn't: `w.array` is saved in recipes, and a rule that needs the value of `w` would read the new one. Afterwards it is, if you don't call `backward()` on the old graph again: the next forward pass writes new recipes.
# The switch prevents the most frequent mistake, not all of them; torch's version numbers would find this one as well.
# %% [markdown] lang="zh"
# ## 8 · 这些零件还会回来
#
# 下一课 `part3_networks` 从这里导入 `Tensor`，造出 `Parameter`、`Module`、优化器，并训练一个认数字的网络。
# 它开头写着 `from part3_backprop.solutions import Tensor`；把 `solutions` 改成 `answers`，训练用的就是你自己的引擎。
# 引擎够快：同样的小网络，在 CPU 上训练一轮，用的时间比 torch 还少，因为网络小的时候，时间花在每次调用的开销（与数组多大无关的那部分）上，不在算数上（`benchmarks/backprop.py` 里能量）。
#
# 合上书，试着说出：斜率怎样沿一条箭头、又怎样在分叉处合起来；为什么要拓扑序；广播的反面是什么；一条规则要知道什么、不必知道什么；就地改动为什么会出错。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 8 · Where these pieces come back
#
# The next lesson, `part3_networks`, imports `Tensor` from here, builds `Parameter`, `Module` and an optimiser, and trains a network that reads digits.
# It begins with `from part3_backprop.solutions import Tensor`; change `solutions` to `answers`, and it trains with your own engine.
# The engine is quick: for the same small network, on a CPU, an epoch takes less time than in torch, because with small networks the time goes into the overhead of each call (its fixed cost, whatever the arrays' size), not into arithmetic (`benchmarks/backprop.py` measures it).
#
# Without looking up, try to say: how slopes go along an arrow, and how they meet at fan-out; what a topological order is for; what the opposite of broadcasting is; what a rule must know, and what it needn't; why changes in place go wrong.
# If you can't say one of them, go back to its cell.
