# %% [markdown] lang="zh" order=1
# # 第 2 天 · 模块、梯子与训练
#
# 这一课你亲手写出八个模块（其中七个在 `torch.nn` 里有同名的），再把同一个训练循环写五遍，最后让网络认出没见过的手写数字。
#
# **先修**：`part0_tensors`（张量的轴、梯度、softmax）和 `part0_chance`（交叉熵）。
# **时间**：约 4 小时；第 1 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint ReLU`，自测用 `coach questions`。
#
# 整课的规矩：
# - PyTorch 有同名模块的，你的要与它*表现一致*：前向（算出结果）、反向（算出梯度）、`train` 与 `eval` 两种模式（训练和使用，讲随机失活时细说），以及参数的名字；参数登记的先后不要紧。
# - `float32` 进、`float32` 出；参数换成 `float64`（`model.double()`）之后，`float64` 进、`float64` 出，没有参数的模块也一样。
# - 输入的数在内存里可以不按顺序排（不连续，例如转置之后）；输入本身不许改动。
# - 计算自己写：不继承同名模块，也不调用同名的函数或方法（如 `F.linear`、`x.relu()`；`F` 是 `torch.nn.functional`，同样的计算写成函数），除非练习说可以。别的函数都可以用。
# - 随机数取自 torch 的全局发生器，就是 `torch.manual_seed` 设定的那个：种子相同，你的代码两次给出相同的结果；不必与 `torch.nn` 抽到同样的数。
# - 要求报错的地方，错误信息里要有一句话，说明哪里不对。
# - 没有提到的情形，测试不检查：空的轴、空的数据、零轮，形状不合或越界的输入，`Embedding` 以外的整数输入。
# %% [markdown] lang="en"
# # Day 2 · modules, a ladder and training
#
# In this lesson you write eight modules yourself (seven of them exist in `torch.nn` under the same name), then the same training loop five times, and at the end a network reads handwritten digits that it has never seen.
#
# **You need** `part0_tensors` (axes of a tensor, gradients, softmax) and `part0_chance` (cross-entropy).
# **Time**: about 4 hours; after section 1 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint ReLU` helps when you are stuck, `coach questions` asks the self-check.
#
# The rules of the whole lesson:
# - Where PyTorch has a module of the same name, yours *behaves as it does*: forward (the result), backward (the gradients), in the modes `train` and `eval` (for training and for use: more at dropout), and in the names of its parameters; the order in which you register them doesn't matter.
# - `float32` in, `float32` out; once the parameters are `float64` (`model.double()`), `float64` in, `float64` out, and so for modules without any.
# - The numbers of an input need not lie in order in memory (not contiguous, as after a transpose); the input itself stays unchanged.
# - You write the computation: don't inherit from the module of that name, and don't call the function or method of that name (such as `F.linear`, `x.relu()`; `F` is `torch.nn.functional`, which has the same computations as functions), unless the exercise says so. All other functions may be used.
# - Random numbers come from torch's global generator, the one that `torch.manual_seed` sets: with the same seed your code gives the same results twice; they needn't be the numbers that `torch.nn` draws.
# - Where an error is asked for, it carries a sentence that says what is wrong.
# - What isn't mentioned isn't judged: empty axes, empty data, zero epochs, inputs of a wrong shape or out of range, integer inputs except for `Embedding`.
# %%
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from sklearn.datasets import load_digits  # of scikit-learn, a library with small data sets: see section 3
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from part2_cnns import figures, tests
from part2_cnns.progress import progress


# %% [markdown] lang="zh" numbers="11 0"
# ## 1 · 模块
# ### 一个学不会的网络
#
# 下面两个网络一模一样：都有 `Linear(3, 2)` 和 `Linear(2, 1)` 两层，前向也都正确。
# 唯一的差别：一个把两层放在普通的列表里，另一个放在 `nn.ModuleList` 里，那是模块认得的列表。
#
# 先手算一下，训练要调整多少个数。
# `Linear(3, 2)` 收 3 个数、给出 2 个：每个都是 3 个输入各乘一个权重再相加，再加一个偏置。所以它有 3·2 个权重、2 个偏置，共 8 个；`Linear(2, 1)` 有 2·1 + 1 = 3 个；合计 11 个。
# 可是其中一个网络，交到优化器手里的参数是 0 个：它能算，却永远学不会；前向照常运行，什么错也不报。
#
# 代码里的新写法：`torch.randn` 从标准正态分布（均值 0，标准差 1）抽数；`numel()` 数出一个张量有几个数；注解 `"*batch 3"` 是说前面有任意多个轴，最后一个轴长 3；`!s:5` 写成文字、占 5 格，`:2` 占 2 格。
# %% [markdown] lang="en" numbers="11 0"
# ## 1 · Modules
# ### A network that can't learn
#
# The two networks below are alike: both have the layers `Linear(3, 2)` and `Linear(2, 1)`, and the forward pass of both is right.
# They differ in one thing: one keeps its layers in a plain list, the other in an `nn.ModuleList`, a list that a module knows of.
#
# Count by hand how many numbers training has to adjust.
# `Linear(3, 2)` takes 3 numbers and gives 2: each of the 2 is a sum of the 3, each times its own weight, plus a bias. So it has 3·2 weights and 2 biases, 8 together; `Linear(2, 1)` has 2·1 + 1 = 3; in all 11.
# Yet one of the networks hands 0 of them to the optimiser: it can compute but never learn, and its forward pass runs as usual, without any error.
#
# New in the code: `torch.randn` draws from the standard normal distribution (mean 0, standard deviation 1); `numel()` counts the numbers of a tensor; the annotation `"*batch 3"` means any number of axes in front, and a last one of length 3; `!s:5` prints as text 5 wide, `:2` 2 wide.
# %% [markdown] lang="zh" tags=["question"] see="Sequential"
# 先预测，再运行下一格。
# 哪一个网络的参数是 0 个？
# 还有：每个模块都有两种模式，训练（train）和使用（eval），属性 `training` 记着是哪一种，讲随机失活（dropout）时会用到；对这个网络调用 `model.eval()`，列表里的层会跟着切换吗？
# %% [markdown] lang="en" tags=["question"] see="Sequential"
# Predict, then run the next cell.
# Which network has 0 parameters?
# And each module has two modes, one for training (train) and one for use (eval), kept in its attribute `training`; **dropout**, later on, needs them. When `model.eval()` is called on that network, do the layers in the list change their mode too?
# %% [markdown] lang="zh" tags=["answer"]
# 放在普通列表里的那个。
# 赋值时，模块只看值的类型，`nn.Parameter`、`nn.Module` 这样的才登记；列表不是，模块根本不往里看。
# 所以 `parameters()` 是空的，`state_dict()` 什么也不保存，`eval()` 和 `to(device)` 也到不了那些层。
# 前向正确，是因为 Python 自己找得到列表。
# 这里一个参数也没有，优化器至少会报错（empty parameter list）；只要另有一层登记好了，就什么错也不报，列表里的层只是永远停在起点。
# %% [markdown] lang="en" tags=["answer"]
# The one with the plain list.
# On assignment the module looks at the type only, and registers an `nn.Parameter`, an `nn.Module` and the like; a list is none of them, and the module doesn't look inside.
# So `parameters()` is empty, `state_dict()` saves nothing, and `eval()` and `to(device)` never reach those layers.
# The forward pass is right because Python itself finds the list.
# Here, with no parameter at all, an optimiser at least raises an error (empty parameter list); with one more layer that is registered there is no error, and the layers in the list keep their first weights for ever.
# %%
class TwoLayers(nn.Module):
    """Two layers, kept where the module registers them, or in a plain list."""

    def __init__(self, registered: bool) -> None:
        super().__init__()  # makes the register: without this line, assigning a layer fails
        layers = [nn.Linear(3, 2), nn.Linear(2, 1)]
        self.layers = nn.ModuleList(layers) if registered else layers

    def forward(self, x: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 1"]:
        return self.layers[1](self.layers[0](x))


if __name__ == "__main__":
    for registered in (False, True):
        model = TwoLayers(registered).eval()  # `eval()` and `train()` return the model itself
        parameters = sum(p.numel() for p in model.parameters())
        shape, mode = tuple(model(torch.randn(4, 3)).shape), "train" if model.layers[0].training else "eval"
        print(f"registered: {registered!s:5} output {shape}, {parameters:2} parameters, the first layer is in {mode}")


# %% [markdown] lang="zh"
# ### 模块登记什么
#
# 模块（module）是带着参数的函数。
# `__init__` 造出零件，`forward` 说明怎样算；写 `model(x)` 时，PyTorch 调用的就是 `forward`。
# 每个模块有一本名册；登记（register）就是把名字和值记进去。
# 参数和模块在赋值的那一刻登记，例如 `self.weight = …`；缓冲区（buffer）要调用方法来登记：`self.register_buffer("mean", torch.zeros(3))`，之后就是 `self.mean`（也可以赋值：`self.mean = nn.Buffer(torch.zeros(3))`）。
# 赋给 `self` 的别的东西都不登记。
#
# | 模块拥有的 | 例子 | 有梯度 | 进 `state_dict()` |
# |---|---|---|---|
# | `nn.Parameter` | 权重、偏置 | 有 | 进 |
# | 另一个模块 | 一层 | 它的参数有 | 连同它的全部 |
# | 缓冲区，用 `register_buffer` | 见过的数据的滑动平均 | 没有 | 进 |
# | 别的：数、列表、普通张量 | `self.p = 0.5` | — | 不进 |
#
# 滑动平均为什么不做成参数？那样优化器也会改它，而它只该按自己的规则更新。
# 一次前向中用完就扔的张量，写成 `forward` 里的普通变量就好。
#
# 其他一切都靠这本名册：`parameters()` 交给优化器，`state_dict()` 存盘，`to(device)` 搬家，`train()` 和 `eval()` 切换模式。
# 存下来的字典用 `load_state_dict()` 装回去，它按*名字*对号入座：算法再对，名字不同就报错；所以你的参数要与 `torch.nn` 的同名，别人存下的权重才装得进来。
# 要检验两个模块是否一致，也从这里开始：先装进同样的权重，再比输出、对输入和参数的梯度；两种模式、几种形状都要比。
# `__init__` 的第一行总是 `super().__init__()`：名册由它建立。
# %% [markdown] lang="en"
# ### What a module registers
#
# A **module** is a function that carries its parameters.
# `__init__` makes the parts, `forward` says how to compute; when you write `model(x)`, PyTorch calls `forward`.
# To **register** is to note a name and a value in the module's register.
# Parameters and modules are registered the moment you assign them, as in `self.weight = …`; a **buffer** is registered by calling a method, `self.register_buffer("mean", torch.zeros(3))`, and is then `self.mean` (or by assigning it: `self.mean = nn.Buffer(torch.zeros(3))`).
# Whatever else you assign to `self` is not registered.
#
# | what a module has | example | gradient | in `state_dict()` |
# |---|---|---|---|
# | `nn.Parameter` | weights, biases | yes | yes |
# | another module | a layer | its parameters: yes | with all it has |
# | a buffer, by `register_buffer` | a running mean of the data seen so far | no | yes |
# | anything else: numbers, lists, plain tensors | `self.p = 0.5` | — | no |
#
# Why not make a running mean a parameter? The optimiser would then change it too, and it should follow its own rule only.
# A tensor that is used within one forward pass and thrown away is a plain variable in `forward`.
#
# All the rest relies on this register: `parameters()` for the optimiser, `state_dict()` for saving, `to(device)` for moving, `train()` and `eval()` for the mode.
# A saved dictionary is loaded by `load_state_dict()`, which matches *names*: however right the computation is, other names are an error; so your parameters are called as in `torch.nn`, and weights that somebody else saved fit in.
# To check that two modules agree, begin here, too: load the same weights into both, then compare outputs, and gradients of the input and of the parameters, in both modes and for several shapes.
# The first line of `__init__` is always `super().__init__()`: it makes the register.
# %% [markdown] lang="zh" numbers="0.0 3.0 1.0"
# ### ReLU：最简单的激活函数
#
# 两个线性层（linear layer）接在一起，还是一个线性层。用数看：先 $3x + 1$，再乘 2 加 4，得到 $2(3x + 1) + 4 = 6x + 6$，仍然是乘一个数、加一个数。
# 写成矩阵也一样（$W$ 是权重，$b$ 是偏置；这里 $x$ 写成一列，乘在右边）：$W_2(W_1x + b_1) + b_2 = (W_2W_1)x + (W_2b_1 + b_2)$。
# 中间要加一个不是直线的函数，叫激活函数（activation function）。最简单的就是 ReLU（rectified linear unit，修正线性单元）：$\max(x, 0)$，它在 0 处有一个弯。
# 有了弯，就不再是一条直线：$|x| = \max(x, 0) + \max(-x, 0)$ 用两个 ReLU 就能写出，任何线性层都做不到。
# 每个单元（unit，层的一个输出）添一个弯，弯在哪里由学习决定；弯足够多，任何连续的曲线都能在一段区间上逼近到想要的程度。
#
# 用三个数走一遍：$-2,\ 0,\ 3$ 变成 0.0、0.0、3.0。
# 反向：正的一边斜率是 1.0，梯度原样通过；负的一边斜率是 0.0，梯度到此为止。
# 恰好在 0 处没有切线；PyTorch 约定取 0.0，你的也要这样。
#
# 代价：如果一个单元送进 ReLU 的数（加权和）对每个样本都是负的，它就总是输出 0，也收不到梯度。除非前面的层变了，把它救活，梯度下降再也动不了它的权重。这叫死掉的 ReLU（dead ReLU）。
# 那为什么还用它？以前的激活函数多是 sigmoid，$1/(1 + e^{-x})$：斜率最多 $1/4$，两头都接近 0；穿过十个，单是这些斜率就让梯度最多剩 $(1/4)^{10} \approx 10^{-6}$（权重的作用另算）。ReLU 只要开着，斜率就是 1，不会让梯度缩小。
#
# 还有一种特殊情况：`NaN`（不是数，例如 0/0 的结果）要原样输出。
# 如果它在这里悄悄变成 0，几层之前的错误就再也找不到了。
# 代码里的 `assert x.grad is not None` 只是告诉类型检查器（按注解检查代码的工具）：这里有梯度。
# %% [markdown] lang="en" numbers="0.0 3.0 1.0"
# ### ReLU: the simplest activation function
#
# Two **linear layers** in a row are still one. In numbers: first $3x + 1$, then times 2 plus 4, which is $2(3x + 1) + 4 = 6x + 6$: again times a number, plus a number.
# With matrices it is the same ($W$ are weights, $b$ biases; here $x$ is written as a column, on the right): $W_2(W_1x + b_1) + b_2 = (W_2W_1)x + (W_2b_1 + b_2)$.
# Between them there must be a function that isn't a straight line, called an **activation function**. The simplest is **ReLU**, the rectified linear unit: $\max(x, 0)$, which has a bend at 0.
# With bends it need not be straight any more: $|x| = \max(x, 0) + \max(-x, 0)$ takes two ReLUs, and no linear layer can do it.
# Each **unit** (one output of a layer) adds a bend, and learning decides where; with enough of them, any continuous curve over an interval can be approximated as closely as you like.
#
# Follow three numbers: $-2,\ 0,\ 3$ become 0.0, 0.0, 3.0.
# Backward: on the positive side the slope is 1.0 and the gradient passes as it is; on the negative side the slope is 0.0 and the gradient ends there.
# At exactly 0 there is no tangent; PyTorch takes 0.0 by convention, and so must yours.
#
# The price: if the number that a unit sends into its ReLU (the weighted sum) is negative for every example, its output is always 0 and no gradient reaches it. Unless the layers before it change and revive it, gradient descent can't move its weights any more. This is a **dead ReLU**.
# Why use it all the same? Earlier the usual activation was the sigmoid, $1/(1 + e^{-x})$: its slope is at most $1/4$, and near 0 at both ends; after ten of them, these slopes alone leave at most $(1/4)^{10} \approx 10^{-6}$ of a gradient (weights not counted). A ReLU that is on has slope 1 and doesn't shrink the gradient.
#
# One more special case: `NaN` (not a number, such as the result of 0/0) must come out as it is.
# If it turned into 0 here, you would never find the error some layers earlier.
# In the code, `assert x.grad is not None` only tells a type checker (a tool that checks code by its annotations) that there is a gradient.
# %%
if __name__ == "__main__":
    x = torch.tensor([-2.0, 0, 3], requires_grad=True)
    y = nn.ReLU()(x)  # `nn.ReLU()` makes the module, `(x)` calls it
    y.sum().backward()
    assert x.grad is not None
    print("out:", y.tolist(), "slope:", x.grad.tolist(), "NaN becomes", nn.ReLU()(torch.tensor(math.nan)).item())
    figures.relu().show()


# %% [markdown] lang="zh"
# ### 练习 · 修正线性单元 · 10 分钟
#
# 写 `forward`：任意形状进（注解里的 `"..."` 就是这个意思），同样的形状出；例如 `[[-1, 0, 2]]` 变成 `[[0, 0, 2]]`。
# 负的变成 0（$-\infty$ 也是），正的不变（$\infty$ 也是）。
# 恰好是 0 时梯度取 0；`NaN` 保持 `NaN`；输入不许改动。
# 不叫 `relu` 的函数都可以用，但要看 0 处的斜率：`clamp(min=0)`（小于 0 的换成 0）在那里是 1，`torch.maximum` 是一半。
# 本课的 `SimpleMLP` 和后面几课的网络都用它。
# %% [markdown] lang="en"
# ### Exercise · the rectified linear unit · 10 min
#
# Write `forward`: any shape in (that is what `"..."` in the annotation means), the same shape out; `[[-1, 0, 2]]`, for example, becomes `[[0, 0, 2]]`.
# Negative numbers become 0 ($-\infty$ too), positive ones stay ($\infty$ too).
# At exactly 0 the gradient is 0; `NaN` stays `NaN`; the input is not changed.
# Any function not called `relu` may be used, but look at its slope at 0: `clamp(min=0)` (what is below 0 becomes 0) has slope 1 there, `torch.maximum` one half.
# `SimpleMLP` below uses it, and so do the networks of later lessons.
# %% exercise="ReLU" difficulty=1 importance=4 minutes=10
class ReLU(nn.Module):
    """`torch.nn.ReLU()`; its input stays as it is."""

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        # solution
        return torch.threshold(x, threshold=0, value=0)  # as `torch.where(x <= 0, 0, x)`, in one pass over memory


if __name__ == "__main__":
    tests.test_ReLU(ReLU)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.where` 按条件选择；`NaN` 与任何数比大小（`<`、`>`、`<=`、`>=`），结果都是 `False`。那么该问“是正的吗”，还是“不大于 0 吗”？
# %% [markdown] lang="en" tags=["hint"]
# `torch.where` chooses by a condition; with `NaN`, each of `<`, `>`, `<=`, `>=` gives `False`. So should you ask "is it positive?" or "is it at most 0?"
# %% [markdown] lang="zh"
# ### 线性层，以及起点为什么要紧
#
# 线性层的每个输出，都是全部输入的加权和，再加一个偏置：$y = xW^\top + b$（样本 $x$ 现在写成一行，所以 $W$ 转置后乘在右边）。
# 用小整数走一遍：$x = (1, 2)$，三个输出。
#
# | `weight` 的一行 | 偏置 | 输出 |
# |---|---|---|
# | $(1, 0)$ | 0 | 1·1 + 2·0 + 0 = 1 |
# | $(0, 1)$ | 0 | 1·0 + 2·1 + 0 = 2 |
# | $(1, 1)$ | 10 | 1·1 + 2·1 + 10 = 13 |
#
# 一行对应一个输出，所以 `weight` 的形状是 `d_out d_in`，这里是 3×2；计算时要转置。
# 前面可以有任意多个批次轴：`"*batch d_in"` 中的星号就是这个意思，没有也行。
#
# 权重一开始是随机的。
# 为什么不全取同一个数？那样一层的所有单元看着同样的输入，算出同样的结果，又以同样的权重通向后面，于是收到同样的梯度：更新之后还是一样，永远一样，100 个单元只顶一个。
# 随机的起点打破这种对称（symmetry）：单元各不相同，梯度不同，才能学到不同的东西。
# 权重不同就够了，偏置可以全从 0 开始：权重不同的单元收到不同的梯度，偏置也跟着各走各的。
# 那么随机到多大才好？这好像是小事，下一格却说明它能决定网络学不学得动。
# %% [markdown] lang="en"
# ### The linear layer, and why its start matters
#
# Each output of a linear layer is a weighted sum of all inputs, plus a bias: $y = xW^\top + b$ (an example $x$ is written as a row now, so $W$ stands on the right, transposed).
# In small whole numbers, with $x = (1, 2)$ and three outputs:
#
# | a row of `weight` | bias | output |
# |---|---|---|
# | $(1, 0)$ | 0 | 1·1 + 2·0 + 0 = 1 |
# | $(0, 1)$ | 0 | 1·0 + 2·1 + 0 = 2 |
# | $(1, 1)$ | 10 | 1·1 + 2·1 + 10 = 13 |
#
# One row makes one output, so `weight` has the shape `d_out d_in`, here 3×2, and is transposed in the computation.
# There may be any number of batch axes in front: that is what the star in `"*batch d_in"` means, and none is fine too.
#
# At first the weights are random.
# Why not all the same number? Then all units of a layer see the same inputs, compute the same result, and lead on through equal weights, so they get the same gradient: after the update they are still equal, and so for ever; 100 units do the work of one.
# Random values break this **symmetry**: the units differ, get different gradients, and can learn different things.
# The weights alone do that, and biases may all begin at 0: units with different weights get different gradients, and their biases become different, too.
# How large should random be? It looks like a detail, but the next cell shows that it can decide whether a network learns at all.
# %% [markdown] lang="zh" tags=["question"] see="Linear"
# 先预测。
# 300 个数穿过十个 300×300 的线性层，每层之后一个 ReLU；输入的标准差是 1。
# 权重的标准差取 0.02、0.08 或 0.15：差别不到 8 倍。（`:.0e` 把数写成 10 的幂：`1e-07` 是 $10^{-7}$；`:.1g` 留一位有效数字。）
# 到第十层，三种输出中，最大的约是最小的多少倍？
# %% [markdown] lang="en" tags=["question"] see="Linear"
# Predict first.
# 300 numbers pass through ten linear layers of 300×300, with a ReLU after each; the input has standard deviation 1.
# The weights have a standard deviation of 0.02, 0.08 or 0.15: less than a factor of 8 between them. (`:.0e` prints a power of ten, `1e-07` is $10^{-7}$; `:.1g` keeps one digit.)
# At the tenth layer, how many times as large as the smallest of the three outputs is the largest, roughly?
# %% [markdown] lang="zh" tags=["answer"]
# 不是 8 倍，而是五六亿倍：每一层都乘一个因子，十层就是它的十次方，$7.5^{10} \approx 6 \cdot 10^8$。
# 太小，信号消失；太大，信号爆炸。梯度往回走乘的是同样的权重，命运也一样。
# 只有 0.08 让大小保持不变，而它正是 $\sqrt{2/300}$。
# %% [markdown] lang="en" tags=["answer"]
# Not 8 times but more than five hundred million times: each layer multiplies by a factor, and ten layers by its tenth power, $7.5^{10} \approx 6 \cdot 10^8$.
# Too small, and the signal vanishes; too large, and it explodes. Gradients on their way back are multiplied by the same weights and share this fate.
# Only 0.08 keeps the size, and it is no accident: it is $\sqrt{2/300}$.
# %%
def ten_layers(std: float, width: int = 300) -> list[Tensor]:
    """What leaves each of ten layers with a ReLU, if all weights are drawn with this standard deviation."""
    torch.manual_seed(0)
    x, found = torch.randn(200, width), []
    for _ in range(10):
        x = (x @ (std * torch.randn(width, width))).clamp(min=0)
        found.append(x)
    return found


if __name__ == "__main__":
    starts = {f"{std}": ten_layers(std) for std in (0.02, 0.08, 0.15)}
    for std, outputs in starts.items():
        print(f"std {std:4}: after layer 1 {outputs[0].std():.1g}, after layer 10 {outputs[-1].std():.0e}")
    figures.histograms(starts).show()


# %% [markdown] lang="zh"
# ### 大小从哪里来
#
# 一个输出是 $n$ 个乘积之和。
# 相互独立、均值为 0 的量，相乘时方差相乘，相加时方差相加：输出的方差 = $n$ ·（权重的方差）·（输入的方差）。
# 想让大小不变，权重的方差就该是 $1/n$；后面若有 ReLU，它把负的一半变成 0，平方的平均也减半，所以方差要加倍，取 $2/n$（He 初始化，得名于提出它的何恺明）。
# 上面的 $n$ 是 300，标准差就该是 $\sqrt{2/300} \approx 0.08$：正是三种里大小不变的那一种。
#
# `nn.Linear` 的做法是从 $[-1/\sqrt{n},\ 1/\sqrt{n}]$ 里均匀抽取，$n$ 就是 `d_in`。
# 区间 $[-a, a]$ 上均匀分布的方差，即 $x^2$ 在区间上的平均，是 $a^2/3$，所以每个权重的方差是 $1/(3n)$。
# （可以验证：`(2 * torch.rand(1000000) - 1).var()` 在 $[-1, 1]$ 里抽一百万个数，约得 0.333。）
# 于是每过一个线性层，标准差约乘 $\sqrt{1/3} \approx 0.58$，与 $n$ 无关；后面再接 ReLU，每过一层大小约乘 $\sqrt{1/6} \approx 0.41$，十层之后只剩约八千分之一：比理想的小得多。
# 对几层的网络还够用；层数多了会怎样，`part2_resnets` 里你会亲眼看到。
# %% [markdown] lang="en"
# ### Where the size comes from
#
# One output is a sum of $n$ products.
# When independent quantities of mean 0 are multiplied, so are their variances, and when they are added, their variances add: variance of the output = $n$ · (variance of a weight) · (variance of the input).
# To keep the size, a weight's variance should be $1/n$; a ReLU after the layer turns the negative half into 0 and halves the mean of the squares, so double the variance: $2/n$ (He initialisation, named after Kaiming He, who proposed it).
# Above, $n$ was 300, so the standard deviation should be $\sqrt{2/300} \approx 0.08$: of the three, just the one that kept the size.
#
# `nn.Linear` draws uniformly from $[-1/\sqrt{n},\ 1/\sqrt{n}]$, where $n$ is `d_in`.
# A uniform number from $[-a, a]$ has variance $a^2/3$, the mean of $x^2$ over the interval, so each weight has variance $1/(3n)$.
# (To check it, `(2 * torch.rand(1000000) - 1).var()` draws a million from $[-1, 1]$ and gives about 0.333.)
# Each linear layer therefore multiplies the standard deviation by about $\sqrt{1/3} \approx 0.58$, whatever $n$ is; with a ReLU after it, each layer multiplies the size by about $\sqrt{1/6} \approx 0.41$, and ten layers by about 1/8,000: far less than ideal.
# For a few layers that will do; in `part2_resnets` you see what happens with many.
# %% [markdown] lang="zh"
# ### 练习 · 线性层 · 20 分钟
#
# `Linear(2, 3)` 把 `(*batch, 2)` 变成 `(*batch, 3)`；用上表的权重，`[1, 2]` 变成 `[1, 2, 13]`。
# - `weight` 的形状是 `d_out d_in`，`bias` 的形状是 `d_out`；两者都是 `nn.Parameter`。
# - 两者的每个元素*各自*从 $[-1/\sqrt{d_{in}},\ 1/\sqrt{d_{in}}]$ 里均匀抽取：偏置也这样抽，区间也相同。
# - `bias=False` 时 `self.bias` 是 `None`。
# - `forward` 只用 `weight` 和 `bias` 计算，不用 `F.linear`。
# %% [markdown] lang="en"
# ### Exercise · the linear layer · 20 min
#
# `Linear(2, 3)` turns `(*batch, 2)` into `(*batch, 3)`; with the weights of the table above `[1, 2]` becomes `[1, 2, 13]`.
# - `weight` has the shape `d_out d_in` and `bias` the shape `d_out`; both are an `nn.Parameter`.
# - Each entry of both is drawn *on its own*, uniformly from $[-1/\sqrt{d_{in}},\ 1/\sqrt{d_{in}}]$: biases too, with the same bound.
# - With `bias=False`, `self.bias` is `None`.
# - `forward` computes from `weight` and `bias`, without `F.linear`.
# %% exercise="Linear" difficulty=2 importance=5 minutes=20
class Linear(nn.Module):
    """`torch.nn.Linear(in_features, out_features, bias)`; without a bias, `self.bias` is None."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        # solution
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound)) if bias else None

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        # solution
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias


if __name__ == "__main__":
    if tests.test_Linear(Linear):
        x = torch.randn(1000, 300)
        print(f"std of what goes in: {x.std():.2f}, of what comes out: {Linear(300, 200)(x).std():.2f}; theory: 0.58")


# %% [markdown] lang="zh" tags=["hint"]
# 区间的界由输入的个数 `d_in` 决定，与 `d_out` 无关。输入的个数是 `__init__` 的哪个参数？
# %% [markdown] lang="en" tags=["hint"]
# The number of inputs, `d_in`, sets the bound, `d_out` has no part in it. Which argument of `__init__` is that?
# %% [markdown] lang="zh" tags=["hint"]
# 张量的方法 `uniform_` 就地填入均匀的随机数；先用 `torch.empty` 造出形状。
# %% [markdown] lang="en" tags=["hint"]
# A tensor's method `uniform_` fills it with uniform random numbers in place; make the shape with `torch.empty` first.
# %% [markdown] lang="zh" tags=["hint"]
# `__init__`：算出界，两个 `nn.Parameter(…)`，没有偏置时赋 `None`。`forward`：乘转置，再看情况加偏置。
# %% [markdown] lang="en" tags=["hint"]
# `__init__`: the bound, two times `nn.Parameter(…)`, or `None` for the bias. `forward`: multiply by the transpose, then add the bias if there is one.
# %% [markdown] lang="zh" numbers="7510"
# ### 从图到行：展平
#
# 线性层要的是一行数，图却是 `batch 1 8 8`：一批灰度图，每张一个通道（彩色图有三个），高和宽都是 8 个像素。
# 展平（flatten）把几个相邻的轴并成一个，数的顺序不变：一行接一行。
# 但会失去一些东西：图里上下相邻的两个像素，在这一行数里相隔 8 个；线性层对每个位置一视同仁，谁与谁相邻，它无从知道。
# 批次轴要留着：连它也并掉，32 张 8×8 的图就成了一行 2048 个数，`Linear(64, …)` 报错；收得下 2048 个数的层不报错，却把各张图混在一起，一批只给一个答案。
# 形状 `2 3 4 5` 从 `start_dim=1` 到末尾并起来是 `2 60`；只并 1 到 2（含 2）是 `2 12 5`。
#
# 有了它，就能搭出第一个网络：展平 → 线性 → ReLU → 线性；中间那 100 个数叫隐藏层（hidden layer）。
# 最后的十个数叫 logits：每一类一个得分，可正可负，越大越像；怎样变成概率，第 2 节再讲。
# 先手算参数个数：第一层 64·100 + 100，第二层 100·10 + 10，一共 7510。
# %% [markdown] lang="en" numbers="7510"
# ### From picture to row: flatten
#
# A linear layer wants a row of numbers, but pictures are `batch 1 8 8`: a batch of grey ones, each with one channel (in colour it would be three), 8 pixels high and wide.
# To **flatten** is to merge neighbouring axes into one, with the numbers in the same order: row after row.
# Something is lost: two pixels one above the other in the picture are 8 places apart in the row, and a linear layer treats all places alike, so it can't know who was whose neighbour.
# The batch axis must stay: with it merged, too, 32 pictures of 8×8 are one row of 2048 numbers, which `Linear(64, …)` refuses; a layer made for 2048 takes it, but mixes the pictures and gives one answer for the whole batch.
# The shape `2 3 4 5`, merged from `start_dim=1` to the end, is `2 60`; merging only 1 to 2 (2 included) gives `2 12 5`.
#
# With flattening you can build a first network: flatten → linear → ReLU → linear; the 100 numbers in the middle are its **hidden layer**.
# Its last ten numbers are **logits**: one score for each class, of either sign, larger where the class is more likely; section 2 turns them into probabilities.
# Count the parameters by hand: 64·100 + 100 in the first layer, 100·10 + 10 in the second, 7510 in all.
# %%
if __name__ == "__main__":
    x = torch.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    print("from 1 to the end:", tuple(nn.Flatten()(x).shape), " from 1 to 2:", tuple(nn.Flatten(1, 2)(x).shape))
    # `nn.Sequential` calls them one after the other: more on it soon
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
    print("parameters:", sum(p.numel() for p in model.parameters()))


# %% [markdown] lang="zh"
# ### 练习 · 展平 · 10 分钟
# 把从 `start_dim` 到 `end_dim`（含）的轴并成一个；默认只留下批次轴：`2 3 4 5` 变成 `2 60`。
# 负数从末尾数起：`Flatten(-2, -1)` 把 `2 3 4 5` 变成 `2 3 20`，输入有几个轴都行（至少一个），同一个模块还会遇到轴数不同的输入。
# `start_dim` 等于 `end_dim` 时什么也不变；输入在内存里可以不连续。
# %% [markdown] lang="en"
# ### Exercise · flatten · 10 min
# Merge the axes from `start_dim` up to and including `end_dim` into one; by default only the batch axis stays: `2 3 4 5` becomes `2 60`.
# Negative numbers count from the end: `Flatten(-2, -1)` turns `2 3 4 5` into `2 3 20`; inputs may have any number of axes (at least one), and one module may meet inputs with different numbers of them.
# Where `start_dim` equals `end_dim` nothing changes; the input need not be contiguous in memory.
# %% exercise="Flatten" difficulty=2 importance=2 minutes=10
class Flatten(nn.Module):
    """`torch.nn.Flatten(start_dim, end_dim)`; negative axes count from the end, and `x` need not be contiguous."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        # solution
        start, end = self.start_dim % x.ndim, self.end_dim % x.ndim
        merged = math.prod(x.shape[start : end + 1])
        return x.reshape(*x.shape[:start], merged, *x.shape[end + 1 :])


if __name__ == "__main__":
    tests.test_Flatten(Flatten)


# %% [markdown] lang="zh" tags=["hint"]
# 轴 −1 从前面数是第几个？哪种运算能把 `-1` 变成那个数，又不改变正数？
# %% [markdown] lang="en" tags=["hint"]
# Counted from the front, which axis is −1? Which operation makes that number out of `-1` and leaves positive ones alone?
# %% [markdown] lang="zh" tags=["hint"]
# 新形状有三段：前面的轴、并成的一个、后面的轴；`math.prod` 求积，`reshape` 不怕不连续，`view` 怕。
# %% [markdown] lang="en" tags=["hint"]
# The new shape has three parts: the axes before, the merged one, the axes after; `math.prod` multiplies, `reshape` copes with what isn't contiguous and `view` doesn't.
# %% [markdown] lang="zh"
# ### 练习 · 一个简单的网络 · 10 分钟
#
# 展平，线性（`d_in` 到 `d_hidden`），ReLU，线性（`d_hidden` 到 `d_out`）：用你刚写的模块（还没写完的，也可以用 `torch.nn` 里同名的）。
# MLP 是多层感知机（multi-layer perceptron）的缩写：线性层之间夹着激活函数，就是这种网络。
# 属性的名字随你取，但两个线性层要按使用的先后赋给 `self`；没有参数的模块也可以在 `forward` 里现造。
# 例如默认的 `SimpleMLP()` 把 `5 1 8 8` 变成 `5 10`。
# 返回 logits：最后一层之后没有 ReLU，也没有 softmax。
# 第 3 节训练的就是它。
# %% [markdown] lang="en"
# ### Exercise · a simple network · 10 min
#
# Flatten, linear (`d_in` to `d_hidden`), ReLU, linear (`d_hidden` to `d_out`): out of the modules that you just wrote (for one that isn't finished, that of `torch.nn` will do).
# MLP stands for multi-layer perceptron: linear layers with activation functions between them.
# The attributes may have any names, but assign the two linear layers to `self` in the order in which they are used; modules without parameters may be made in `forward`.
# By default, for example, `SimpleMLP()` turns `5 1 8 8` into `5 10`.
# Return logits: neither a ReLU nor a softmax after the last layer.
# This is what you train in section 3.
# %% exercise="SimpleMLP" difficulty=1 importance=4 minutes=10
class SimpleMLP(nn.Module):
    """One hidden layer, logits out; it holds its two linear layers in the order in which they are used."""

    def __init__(self, d_in: int = 64, d_hidden: int = 100, d_out: int = 10) -> None:
        super().__init__()
        # solution
        self.flatten = Flatten()
        self.linear1 = Linear(d_in, d_hidden)
        self.relu = ReLU()
        self.linear2 = Linear(d_hidden, d_out)

    def forward(self, x: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch d_out"]:
        # solution
        return self.linear2(self.relu(self.linear1(self.flatten(x))))


if __name__ == "__main__":
    tests.test_SimpleMLP(SimpleMLP)


# %% [markdown] lang="zh" tags=["hint"]
# `forward` 就是四个模块依次调用；在 `__init__` 里先把它们赋给 `self`，才会登记。
# %% [markdown] lang="en" tags=["hint"]
# `forward` calls four modules, one after the other; assign them to `self` in `__init__` first, so that they are registered.
# %% [markdown] lang="zh"
# ### 一个接一个
#
# 四个模块就要写四行属性、四层括号；三十四层怎么办？
# `Sequential` 收下一串模块，让数据依次流过：`Sequential(a, b, c)(x)` 就是 `c(b(a(x)))`。
# 它只有一条直路，一个进，一个出。要分叉再合并（例如下一课的残差块，把输入加到几层之后的结果上），或者有几个输入、几个输出，就得自己写一个带 `forward` 的模块；它的各段仍可以是 `Sequential`。
#
# 它收下的模块也要登记：开头那个列表的教训，这里用得上。
# 名字就是位置：`"0"`、`"1"`、`"2"`……于是参数叫 `0.weight`、`2.bias`；`self.add_module("0", a)` 可以用任意名字登记。
# 名册里记模块的那一部分是字典 `self._modules`，它记得放入的先后。
#
# 两处容易看错。
# 负的下标从末尾数起：三个模块时 `model[-1]` 是名叫 `"2"` 的那个；`model[3]` 和 `model[-4]` 越界，要报 `IndexError`。
# 先检查范围：`3 % 3` 是 0，光取余，错的下标 3 看上去就像对的。
# 同一个模块可以放两次，数据就经过它两次。
# `children()` 给出直接放在里面的模块，重复的只给一次：别靠它来数。
# （下一格里 `.data` 是不进计算图的数，`fill_` 把它们全换成一个值。）
# %% [markdown] lang="en"
# ### One after the other
#
# Four modules take four attributes and four pairs of brackets; what about thirty-four layers?
# `Sequential` takes a row of modules and sends the data through each in turn: `Sequential(a, b, c)(x)` is `c(b(a(x)))`.
# It is one straight road, with one thing in and one out. Where the road forks and joins again (the next lesson's residual block adds its input to what comes several layers later), or with several inputs or outputs, write a module with a `forward` of your own; stretches of it may still be a `Sequential`.
#
# It has to register them like any module: remember the list at the beginning.
# The name is the place: `"0"`, `"1"`, `"2"` and so on, so parameters are called `0.weight`, `2.bias`; `self.add_module("0", a)` registers under any name.
# The part of the register that holds modules is the dictionary `self._modules`, which keeps the order in which they came in.
#
# Two things are easily misread.
# Negative indices count from the end: with three modules `model[-1]` is the one called `"2"`; `model[3]` and `model[-4]` are out of range and raise `IndexError`.
# Check the range first: `3 % 3` is 0, so if you only take the remainder, the wrong index 3 looks like a right one.
# One module may stand in two places, and then the data pass through it twice.
# `children()` gives the modules directly inside, a repeated one only once: don't count with it.
# (In the next cell `.data` are the numbers outside the graph, and `fill_` sets them all to one value.)
# %%
if __name__ == "__main__":
    step = nn.Linear(1, 1)
    step.weight.data.fill_(2.0)
    step.bias.data.fill_(1.0)  # x becomes 2x + 1
    model = nn.Sequential(step, step)  # one module, twice
    print(
        "3 becomes",
        model(torch.tensor([3.0])).item(),
        "; children():",
        len(list(model.children())),
        "; len:",
        len(model),
    )
    print("names:", list(nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1)).state_dict()))


# %% [markdown] lang="zh" tags=["question"] see="Sequential"
# 上一格里 3 变成 15，而不是 7：为什么？
# 这个 `model` 一共有几个可训练的数？
# %% [markdown] lang="en" tags=["question"] see="Sequential"
# In the cell above 3 becomes 15 and not 7: why?
# How many numbers of this `model` can be trained?
# %% [markdown] lang="zh" tags=["answer"]
# 2·3 + 1 = 7，再走一遍，2·7 + 1 = 15。
# 可训练的数只有 2 个：两处是同一个模块，权重只有一份，梯度来自两处，加在一起。
# 这叫权重共享（weight sharing）；卷积就是把它用到图上的每一处。
# %% [markdown] lang="en" tags=["answer"]
# 2·3 + 1 = 7, and once more, 2·7 + 1 = 15.
# Only 2 numbers can be trained: both places hold the same module with one set of weights, and the gradients of both places add up.
# This is called **weight sharing**; a convolution does it at every place of a picture.
# %% [markdown] lang="zh"
# ### 练习 · 一个接一个 · 20 分钟
#
# 写 `Sequential`，六个方法；`*modules` 把传进来的所有模块收成一个元组，`len(model)` 调用 `__len__`，`model[i]` 调用 `__getitem__`，`model[i] = m` 调用 `__setitem__`：
# - `__init__` 把第 $i$ 个模块登记在名字 `str(i)` 之下；超过十个也要按放入的顺序走。
# - `len(model)` 是位置的个数，重复的也算；`model[i]` 取出，`model[i] = module` 换掉，负的下标从末尾数起，越界报 `IndexError`（直接用 Python 列表自己的错误信息也行）。
# - `name_of(i)` 返回登记的名字，例如三个模块时 `name_of(-1)` 是 `"2"`；越界的编号它怎么答都行。
# - `forward` 依次调用；一个模块也没有时，原样返回 `x`。
# - 下标是整数，放进去的总是模块，之后不会有人删掉或另外登记：切片之类都不检查。
# %% [markdown] lang="en"
# ### Exercise · one after the other · 20 min
#
# Write `Sequential`, six methods; `*modules` collects all the modules that are passed in a tuple, `len(model)` calls `__len__`, `model[i]` calls `__getitem__`, and `model[i] = m` calls `__setitem__`:
# - `__init__` registers module number $i$ under the name `str(i)`; with more than ten, too, the data pass in the order given.
# - `len(model)` counts the places, repeated modules included; `model[i]` takes one out, `model[i] = module` exchanges it; negative indices count from the end, out of range is an `IndexError` (the message of a Python list's own error will do).
# - `name_of(i)` returns the name in the register: with three modules `name_of(-1)` is `"2"`; out of range it may do anything.
# - `forward` calls them in turn; without any module it returns `x` as it is.
# - Indices are integers, what comes in is always a module, and none is deleted or registered otherwise later: slices and the like aren't judged.
# %% exercise="Sequential" difficulty=3 importance=4 minutes=20
class Sequential(nn.Module):
    """`torch.nn.Sequential(*modules)` with integer indices: negative ones count from the end; out of range, IndexError."""

    def __init__(self, *modules: nn.Module) -> None:
        super().__init__()
        # solution
        for i, module in enumerate(modules):
            self.add_module(str(i), module)

    def __len__(self) -> int:
        # solution
        return len(self._modules)

    def __getitem__(self, index: int) -> nn.Module:
        # solution
        return self.get_submodule(self.name_of(index))

    def __setitem__(self, index: int, module: nn.Module) -> None:
        # solution
        self.add_module(self.name_of(index), module)

    def name_of(self, index: int) -> str:
        """The name under which the module with this index is registered: "2" for -1, if there are three."""
        # solution
        if not -len(self) <= index < len(self):
            raise IndexError(f"Sequential[{index}]: it has {len(self)} modules; use {-len(self)} to {len(self) - 1}")
        return str(index % len(self))

    def forward(self, x: Tensor) -> Tensor:
        # solution
        for module in self:
            x = module(x)
        return x


if __name__ == "__main__":
    tests.test_Sequential(Sequential)


# %% [markdown] lang="zh" tags=["hint"]
# 怎样分辨“合法的负下标”与“越界”？先检查范围，再取余。
# %% [markdown] lang="en" tags=["hint"]
# How do you tell a negative index that is allowed from one out of range? Check the range first, then take the remainder.
# %% [markdown] lang="zh" tags=["hint"]
# `self.add_module(name, module)` 既能登记，也能换掉同名的；`self.get_submodule(name)` 取出来。
# %% [markdown] lang="en" tags=["hint"]
# `self.add_module(name, module)` registers, and also replaces what has that name; `self.get_submodule(name)` takes it out.
# %% [markdown] lang="zh" tags=["hint"]
# 先写 `name_of`，`__getitem__` 和 `__setitem__` 各是一行；有了 `__len__`、`__getitem__` 和 `IndexError`，`for module in self` 就能用了。
# %% [markdown] lang="en" tags=["hint"]
# Write `name_of` first; `__getitem__` and `__setitem__` are one line each; with `__len__`, `__getitem__` and `IndexError` you can loop by `for module in self`.
# %% [markdown] lang="zh"
# ### 随机失活：两种模式从这里开始
#
# 网络有时会靠几个碰巧管用的特征蒙混过关，到了新图上就露馅（第 3 节会让你看到）。
# 随机失活让它不能依赖任何一个：训练时，每个数各自以概率 $p$ 变成 0。
#
# 可是这样一来，下一层收到的总量也少了。
# 补救的办法是把留下的乘以 $1/(1-p)$。
# 取 $p = 0.25$，八个 1：平均丢掉两个，剩下六个各乘 $1/0.75 = 4/3$，总和的期望是 $6 \cdot 4/3 = 8$，与原来相同。
#
# 使用网络的时候不能再抽签：同一张图，答案不该每次不同，也不该更差。
# 所以模块有两种模式，`train()` 和 `eval()` 切换，`self.training` 是 `True` 或 `False`；在 `eval` 模式下，随机失活什么也不做。
# 使用而不训练，叫推理（inference）。
#
# `eval()` 与 `torch.no_grad()` 是两件互不相干的事：`eval()` 换模式，计算图照记；`torch.no_grad()` 之下不记计算图，省内存和时间，但随机失活照丢。
# 要量一个网络有多好，两样都要。
# %% [markdown] lang="en"
# ### Dropout: two modes begin here
#
# A network sometimes gets by on a few features that happen to work, and fails on new pictures (section 3 shows it).
# Dropout keeps it from relying on any one of them: in training each number becomes 0 with probability $p$, on its own.
#
# But now the next layer receives less in all.
# The remedy: multiply what stays by $1/(1-p)$.
# With $p = 0.25$ and eight ones, two are dropped on average, the other six are each multiplied by $1/0.75 = 4/3$, and the expected sum is $6 \cdot 4/3 = 8$, as before.
#
# When the network is used nothing may be left to chance: one image shouldn't get another answer each time, or a worse one.
# So a module has two modes; `train()` and `eval()` switch between them, `self.training` is `True` or `False`, and in `eval` mode dropout does nothing.
# Using a network without training it is called **inference**.
#
# `eval()` and `torch.no_grad()` are two independent things: `eval()` changes the mode, and the graph is still recorded; under `torch.no_grad()` no graph is recorded, which saves memory and time, but dropout goes on dropping.
# To measure a network you want both.
# %% [markdown] lang="zh" tags=["question"] see="Dropout"
# 先预测，再运行下一格：在 `eval` 模式下，1 变成 1，还是变成 0.75？
# `p = 1` 时 $1/(1-p)$ 是 $1/0$：结果应当是 `NaN`、无穷，还是 0？
# %% [markdown] lang="en" tags=["question"] see="Dropout"
# Predict, then run the next cell: in `eval` mode, does 1 become 1 or 0.75?
# With `p = 1`, $1/(1-p)$ is $1/0$: should the result be `NaN`, infinite, or 0?
# %% [markdown] lang="zh" tags=["answer"]
# 是 1：放大已经在训练时做过了，推理时什么也不用补。（也有相反的约定：训练时不放大，推理时乘 $1-p$；PyTorch 不这样。）
# `p = 1` 时一个也不留，结果应当是 0，梯度也是 0；如果直接算 $0 \cdot \infty$，得到的是 `NaN`。
# %% [markdown] lang="en" tags=["answer"]
# 1: the scaling was done in training, and inference has nothing to make up for. (The opposite convention exists, to scale by $1-p$ in inference; PyTorch doesn't follow it.)
# With `p = 1` nothing stays, so the result is 0, and so is the gradient; computing $0 \cdot \infty$ directly gives `NaN`.
# %%
if __name__ == "__main__":
    torch.manual_seed(3)
    layer = nn.Dropout(0.25)
    for mode in (True, True, False):
        layer.train(mode)  # `train(False)` is `eval()`
        print("train" if mode else "eval ", [round(v, 2) for v in layer(torch.ones(8)).tolist()])
    layer.train()
    print(f"mean of a million ones after dropout: {layer(torch.ones(1000, 1000)).mean():.2f}")


# %% [markdown] lang="zh"
# ### 练习 · 随机失活 · 15 分钟
#
# 训练时，每个元素以概率 $p$ 变成 0，各个元素*独立*抽签，所以每次丢掉的个数不一定相同，也不一定恰好是总数乘 $p$。
# 其余的乘以 $1/(1-p)$。
# 每次调用重新抽签：`p = 0.25` 时 `[1, 1, 1, 1]` 也许变成 `[1.33, 0, 1.33, 1.33]`。
# `eval` 模式下原样返回：输入本身，或者相等的拷贝。
# `p = 0` 什么也不丢。`p = 1` 把有限的数都变成 0，不出 `NaN`；结果仍在计算图里（仍与输入相连），梯度是 0。输入里有无穷的情形不检查；属性叫什么名字随你。
# `p` 在 $[0, 1]$ 之外时，`__init__` 报 `ValueError`；0 和 1 本身可以。
# %% [markdown] lang="en"
# ### Exercise · dropout · 15 min
#
# In training each element becomes 0 with probability $p$, *independently* of the others: so how many are dropped can vary from call to call, and need not be exactly $p$ times their number.
# The rest are multiplied by $1/(1-p)$.
# Every call draws again: with `p = 0.25`, `[1, 1, 1, 1]` may become `[1.33, 0, 1.33, 1.33]`.
# In `eval` mode return the input as it is: itself, or an equal copy.
# `p = 0` drops nothing. `p = 1` turns all finite numbers into 0, without `NaN`; the result is still part of the graph (connected to the input), with a gradient of 0. Infinite inputs aren't judged; attributes may have any names.
# For a `p` outside $[0, 1]$, `__init__` raises `ValueError`; 0 and 1 themselves are allowed.
# %% exercise="Dropout" difficulty=2 importance=3 minutes=15
class Dropout(nn.Module):
    """`torch.nn.Dropout(p)`: p = 1 makes zeros and no NaN of finite inputs, also in the gradient; outside [0, 1] ValueError."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        # solution
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout(p={p}): p is a probability, between 0 and 1")
        self.p = p

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        # solution
        if not self.training or self.p == 0:
            return x
        kept = torch.rand_like(x) >= self.p
        return x * kept * (1 / (1 - self.p) if self.p < 1 else 0.0)


if __name__ == "__main__":
    if tests.test_Dropout(Dropout):
        print(Dropout(0.3)(torch.ones(2, 8)))


# %% [markdown] lang="zh" tags=["hint"]
# 哪个属性告诉你现在是 `train` 还是 `eval`？你不用自己设定它。
# %% [markdown] lang="en" tags=["hint"]
# Which attribute tells you whether the mode is `train` or `eval`? You needn't set it yourself.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.rand_like(x)` 在 0 与 1 之间均匀：它有多大的概率不小于 $p$？与 `self.p` 比较，就得到一张布尔掩码。
# %% [markdown] lang="en" tags=["hint"]
# `torch.rand_like(x)` is uniform between 0 and 1: with what probability is it at least $p$? A comparison with `self.p` gives a boolean mask.
# %% [markdown] lang="zh" tags=["hint"]
# 输入 × 掩码 × 倍数；只有倍数需要单独照顾 `p = 1`。
# %% [markdown] lang="en" tags=["hint"]
# Input times mask times factor; only the factor needs a special case for `p = 1`.
# %% [markdown] lang="zh"
# ### 嵌入：给编号配一行数
#
# 词、用户、棋子在计算机里是编号，可编号不是数量：7 号词并不比 3 号词“大”。
# 嵌入（embedding）给每个编号配一行可训练的数，查表就行。
#
# 手算：表有三行，$(1, 2)$、$(3, 4)$、$(5, 6)$；查 `[2, 0, 2]`，得到 $(5, 6)$、$(1, 2)$、$(5, 6)$。
# 换一种看法：编号 2 写成独热向量（one-hot）$(0, 0, 1)$，乘以这张表，也得到第 2 行（从 0 数起）$(5, 6)$。
# 所以嵌入就是一个没有偏置、输入为独热向量的线性层，只是省掉了与 0 的乘法。
#
# 梯度只到查过的行，别的行没有影响损失；第 2 行查了两次，就收到两份，加在一起。
# %% [markdown] lang="en"
# ### Embedding: a row of numbers for an index
#
# Words, users, chess pieces are indices inside a computer, but an index is no quantity: word 7 isn't "more" than word 3.
# An **embedding** gives each index a row of numbers that are trained; you look it up in a table.
#
# By hand: the table has the rows $(1, 2)$, $(3, 4)$, $(5, 6)$; looking up `[2, 0, 2]` gives $(5, 6)$, $(1, 2)$, $(5, 6)$.
# Another view: write index 2 as the **one-hot** vector $(0, 0, 1)$, multiply it by the table, and you get row 2 (counting from 0), $(5, 6)$, as well.
# So an embedding is a linear layer without a bias on one-hot vectors, which saves the products with 0.
#
# Gradients reach only the rows that were looked up, since the others had no influence on the loss; row 2, asked for twice, gets both, added up.
# %%
if __name__ == "__main__":
    table = torch.tensor([[1.0, 2], [3, 4], [5, 6]], requires_grad=True)
    x = torch.tensor([2, 0, 2])
    print("looked up:", table[x].tolist())
    print("one-hot @ table:", (F.one_hot(x, 3).float() @ table).tolist())
    table[x].sum().backward()
    assert table.grad is not None
    print("gradient of the sum:", table.grad.tolist())


# %% [markdown] lang="zh"
# ### 练习 · 嵌入 · 10 分钟
#
# `Embedding(7, 4)` 的 `weight` 形状是 `7 4`，每个元素从标准正态分布（均值 0，标准差 1）抽取。
# 任意形状的 int64 张量进，多出一个轴：`2 3` 变成 `2 3 4`，单独一个整数（没有轴）变成 `4`；编号总在 0 到 6 之间；7 就越界了，PyTorch 会报 `IndexError`，这里不检查，负数也不检查。
# 它在语言模型里是第一层。
# %% [markdown] lang="en"
# ### Exercise · embedding · 10 min
#
# The `weight` of `Embedding(7, 4)` has the shape `7 4`, each entry drawn from the standard normal distribution (mean 0, standard deviation 1).
# Integers (int64) of any shape go in, and one axis is added: `2 3` becomes `2 3 4`, a single integer (without axes) becomes `4`; they lie between 0 and 6 here; 7 is too large, for which PyTorch raises `IndexError`, but that isn't judged, nor are negative ones.
# In a language model it is the first layer.
# %% exercise="Embedding" difficulty=1 importance=3 minutes=10
class Embedding(nn.Module):
    """`torch.nn.Embedding(num_embeddings, embedding_dim)`: `weight` is drawn from the standard normal."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        # solution
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, x: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch d"]:
        # solution
        return self.weight[x]


if __name__ == "__main__":
    tests.test_Embedding(Embedding)


# %% [markdown] lang="zh" tags=["hint"]
# 用整数张量去索引 `weight`，结果是什么形状？（`part0_tensors` 的“挑行”。）
# %% [markdown] lang="en" tags=["hint"]
# What shape comes out when you index `weight` by a tensor of integers? (As in "choose rows" of `part0_tensors`.)
# %% [markdown] lang="zh" numbers="-1.34 -0.45 0.45 1.34 0.0000"
# ### 层归一化：每个样本按自己的均值和标准差缩放
#
# 层数一多，数的大小就走样，你在直方图里见过。
# 层归一化（layer normalisation）每次把它拉回来：一个样本，减去自己的均值，除以自己的标准差。
#
# 手算：一个样本的四个特征是 2、4、6、8。
# 均值是 5，所以离差是 $-3, -1, 1, 3$。
# 方差是离差平方的均值，$(9 + 1 + 1 + 9)/4 = 5$（除以 $n = 4$，不是 3）。
# 每个离差再除以 $\sqrt{5} \approx 2.24$，得到 -1.34、-0.45、0.45、1.34。
# 根号里还要加一个很小的 $\epsilon$：四个数全相等时方差是 0，没有 $\epsilon$ 就成了 0/0。
# 最后乘 `weight` 加 `bias`，每个特征各一个，一开始是 1 和 0：网络若觉得别的大小更好，可以学回去。
# 代价是：一个样本的数整体偏大还是偏小、起伏有多大，从此看不出来了；若答案要靠它（整张图多亮，这段声音多响），就别在这之前归一化。
#
# 一个坑：方差也等于“平方的均值减去均值的平方”，代数上没错，在 `float32` 里却是灾难。
# $1000.1^2$ 约一百万，七位有效数字放不下后面的 0.01：0.01 算成了 0.0000。
# 先减均值，再平方。
# %% [markdown] lang="en" numbers="-1.34 -0.45 0.45 1.34 0.0000"
# ### Layer norm: each sample is scaled by its own mean and standard deviation
#
# With many layers the size of the numbers drifts, as you saw in the histograms.
# **Layer normalisation** pulls it back each time: of each sample subtract its own mean, and divide by its own standard deviation.
#
# By hand: the four features of one sample are 2, 4, 6, 8.
# The mean is 5, so the deviations are $-3, -1, 1, 3$.
# The variance is their mean square, $(9 + 1 + 1 + 9)/4 = 5$ (over $n = 4$, not 3).
# Divide each deviation by $\sqrt{5} \approx 2.24$, and you have -1.34, -0.45, 0.45, 1.34.
# A small $\epsilon$ is added under the root: if all four are equal the variance is 0, and without $\epsilon$ that is 0/0.
# Finally, multiply by `weight` and add `bias`; each feature has one of each, at first 1 and 0: if another size is better, the network can learn it back.
# The price: how large a sample's numbers were as a whole, and how widely they spread, can no longer be seen; if the answer depends on it (how bright a picture is, how loud a sound), don't normalise before it is used.
#
# A trap: the variance is also "the mean of the squares minus the square of the mean", which is right in algebra and a disaster in `float32`.
# $1000.1^2$ is about a million, and seven digits have no room for the 0.01 at its end: it comes out as 0.0000.
# Subtract the mean first, then square.
# %% [markdown] lang="zh" tags=["question"] see="LayerNorm"
# 先预测，再运行下一格：两个样本 `[2, 4, 6, 8]` 和 `[200, 400, 600, 800]` 放在一批里。
# 第一个样本的结果会因为旁边那个大一百倍的邻居而改变吗？两个样本的结果相差多少？
# %% [markdown] lang="en" tags=["question"] see="LayerNorm"
# Predict, then run the next cell: the samples `[2, 4, 6, 8]` and `[200, 400, 600, 800]` stand in one batch.
# Does the neighbour, a hundred times as large, change the first sample's result? How much do the two results differ?
# %% [markdown] lang="zh" tags=["answer"]
# 不会：均值和方差都在一个样本之内，不看邻居。
# 两个样本的结果（几乎）相同：大一百倍，均值和标准差也大一百倍，一除就约掉了；差的那一点来自 $\epsilon$。
# 很多人以为“归一化”是跨样本的：那是批归一化，下一课的主角。
# %% [markdown] lang="en" tags=["answer"]
# No: mean and variance lie within one sample and see no neighbour.
# The two results are (almost) equal: the second sample is a hundred times as large, and so are its mean and standard deviation, so the factor cancels; what little is left comes from $\epsilon$.
# Many believe that to normalise means across samples: that is batch norm, the subject of the next lesson.
# %%
if __name__ == "__main__":
    x = torch.tensor([[2.0, 4, 6, 8], [200, 400, 600, 800]])
    print([[f"{v:.2f}" for v in row] for row in nn.LayerNorm(4)(x).tolist()])
    far = torch.tensor([999.9, 1000.1])
    print(f"true variance 0.0100, mean of squares minus square of mean: {(far**2).mean() - far.mean() ** 2:.4f}")


# %% [markdown] lang="zh"
# ### 练习 · 层归一化 · 20 分钟
#
# 在最后几个轴上（由 `normalized_shape` 给出）减去均值，除以 $\sqrt{\sigma^2 + \epsilon}$（$\sigma^2$ 是方差），再乘 `weight` 加 `bias`。
# `LayerNorm(4)` 把 `[2, 4, 6, 8]` 变成约 `[-1.34, -0.45, 0.45, 1.34]`，不管同批的别的样本是什么，`train` 和 `eval` 也没有差别。
# - `normalized_shape` 是整数，或者整数的元组或列表（别的不检查）：`LayerNorm((3, 5))` 与 `LayerNorm([3, 5])` 在最后两个轴上*一起*平均。
# - `weight`（全 1）和 `bias`（全 0）的形状就是 `normalized_shape`，都是参数。
# - 方差除以 $n$；均值大到 1000 时也要准；梯度要穿过均值和方差。输入的最后几个轴总与 `normalized_shape` 相符。
# %% [markdown] lang="en"
# ### Exercise · layer normalisation · 20 min
#
# Over the last axes (given by `normalized_shape`) subtract the mean, divide by $\sqrt{\sigma^2 + \epsilon}$ ($\sigma^2$ is the variance), then multiply by `weight` and add `bias`.
# `LayerNorm(4)` turns `[2, 4, 6, 8]` into about `[-1.34, -0.45, 0.45, 1.34]`, whatever the other samples of the batch are, and the same in `train` and `eval`.
# - `normalized_shape` is an integer, or a tuple or list of integers (nothing else is judged): `LayerNorm((3, 5))` and `LayerNorm([3, 5])` average over the last two axes *together*.
# - `weight` (ones) and `bias` (zeros) have the shape `normalized_shape`, and both are parameters.
# - The variance is divided by $n$; it is accurate with a mean of 1000, too; gradients pass through mean and variance. The last axes of an input always match `normalized_shape`.
# %% exercise="LayerNorm" difficulty=3 importance=4 minutes=20
class LayerNorm(nn.Module):
    """`torch.nn.LayerNorm(normalized_shape, eps)`: at first `weight` is 1 and `bias` is 0."""

    def __init__(self, normalized_shape: int | Sequence[int], eps: float = 1e-5) -> None:
        super().__init__()
        # solution
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.dims, self.eps = shape, tuple(range(-len(shape), 0)), eps
        self.weight, self.bias = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        # solution
        var, mean = torch.var_mean(x, dim=self.dims, correction=0, keepdim=True)
        return (x - mean) / (var + self.eps).sqrt() * self.weight + self.bias


if __name__ == "__main__":
    tests.test_LayerNorm(LayerNorm)


# %% [markdown] lang="zh" tags=["hint"]
# 要平均的是哪几个轴？从末尾数起，它们的编号是负数，个数就是 `normalized_shape` 的长度。
# %% [markdown] lang="en" tags=["hint"]
# Which axes are averaged over? Counted from the end their numbers are negative, and there are as many as `normalized_shape` is long.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.var_mean` 一次给出两样，方差在前；查一查 `correction` 和 `keepdim`。
# %% [markdown] lang="en" tags=["hint"]
# `torch.var_mean` gives both at once, the variance first; look up `correction` and `keepdim`.
# %% [markdown] lang="zh" tags=["hint"]
# `__init__` 先把整数变成只有一个元素的元组；`forward` 两行：统计量，然后公式。
# %% [markdown] lang="en" tags=["hint"]
# `__init__` first makes a tuple of one entry out of an integer; `forward` takes two lines: the statistics, then the formula.
# %% [markdown] lang="zh"
# **第 1 节小结。** 模块 = 函数 + 名册。
# ReLU 给出弯，线性层给出权重和它们的起点，`Sequential` 把它们串起来；`Dropout` 有两种模式；`Embedding` 查表；`LayerNorm` 在每个样本之内归一化。
# %% [markdown] lang="en"
# **Section 1 in short.** A module is a function with a register.
# ReLU gives the bend, the linear layer the weights and their start, `Sequential` the chain; `Dropout` has two modes, `Embedding` looks up, `LayerNorm` normalises within each sample.
# %% [markdown] lang="zh" tags=["question"] see="Linear"
# 有人把两层网络的权重和偏置全设为 0，再开始训练，发现隐藏层的权重一直不动。为什么？
# 再预测下一格：隐藏层有 4 个单元，全从 0.5 开始，或者随机开始，梯度下降 20 步之后，有几个各不相同？
# %% [markdown] lang="en" tags=["question"] see="Linear"
# Someone starts a network of two layers with all weights and biases 0, and finds that the hidden layer's weights never move. Why?
# And predict the next cell: of 4 hidden units, how many differ after 20 steps of gradient descent, if all start at 0.5, or at random?
# %% [markdown] lang="zh" tags=["answer"]
# 隐藏层收到的梯度要乘上后一层的权重；后一层的权重是 0，梯度就是 0。
# 隐藏层的输出也是 0，所以后一层的权重收到的梯度同样是 0：只有最后的偏置在学。
# 全取 0 以外的同一个数，隐藏层迟早会动，可是对称还在，下一格就能看到：所有隐藏单元收到同样的梯度，永远一模一样。
# 随机的起点既打破对称，又让梯度有路可走。
# %% [markdown] lang="en" tags=["answer"]
# The hidden layer's gradient is multiplied by the weights of the layer after it, and those are 0.
# The hidden layer's output is 0 as well, so those weights get a gradient of 0, too: only the last bias learns.
# With one number other than 0 for all, the hidden layer does move sooner or later, but the symmetry stays, as the next cell shows: all hidden units get the same gradient and remain equal for ever.
# A random start breaks the symmetry and gives gradients a way through.
# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(50, 3)
    for start in ("all 0.5", "random"):
        hidden = nn.Linear(3, 4)
        model = nn.Sequential(hidden, nn.ReLU(), nn.Linear(4, 1))
        for p in model.parameters() if start == "all 0.5" else ():
            p.data.fill_(0.5)
        before = hidden.weight.detach().clone()
        for _ in range(20):  # learn to give the largest of three numbers
            (model(x)[:, 0] - x.amax(dim=1)).square().mean().backward()
            for p in model.parameters():
                assert p.grad is not None
                p.data -= 0.1 * p.grad
                p.grad = None
        units = {tuple(row) for row in hidden.weight.detach().round(decimals=3).tolist()}
        moved = (hidden.weight - before).abs().max()  # `abs()` takes away the signs
        print(f"start {start}: weights moved by up to {moved:.1f}; different hidden units: {len(units)} of 4")


# %% [markdown] lang="zh" numbers="0.125 0.250 0.625 0.47 2.08 0.83 1.46 1.0 0.0001"
# ## 2 · torch.nn 的梯子
# ### 再说一遍：logits、softmax、交叉熵
#
# 网络给出 logits $z$，每一类一个得分。
# softmax 把它们变成概率：先取 $e^z$，保证为正；再除以总和，保证加起来是 1。
# 手算：$z$ 取 $0,\ \ln 2,\ \ln 5$，$e^z$ 就是 1、2、5，总和是 8，概率是 0.125、0.250、0.625。
#
# 交叉熵（cross-entropy）只看*正确*那一类的概率，取负对数：正确的是第 2 类时，损失是 $-\ln 0.625 \approx 0.47$；正确的是第 0 类时，是 $\ln 8 \approx 2.08$。
# 错了还很有把握，罚得最重。
# 合成一个式子，就不必先算概率：$\log\sum_j e^{z_j} - z_y$，其中 $y$ 是正确的类；这里是 $\ln 8 - \ln 5$，还是 0.47。
#
# 为什么要合成？logits 是 1000 时，$e^{1000}$ 在 `float32` 里已是无穷；而 `logsumexp` 会先减去最大的那个。
# 常见的错：先 softmax，再交给 `F.cross_entropy`。
# softmax 它自己会做；交给它概率，softmax 就做了两遍：这个例子里损失是 0.83，而不是 0.47。
#
# 概率都在 0 与 1 之间，第二次 softmax 给不出接近 1 的数：十个类时，就算第一次已经给正确的类 1、给其余的 0，第二次也只剩 $e/(e + 9)$，损失再低也低不过 $\ln(e + 9) - 1 \approx$ 1.46。
#
# 斜率也变小了：logits 是 10 和九个 0，正确的却是第 1 类，错得这么有把握，本该狠狠改正：最大的斜率是 1.0；多做一次 softmax，斜率只剩 0.0001，几乎学不动。
# 所以网络以线性层结尾，原样给出 logits；要看概率时，再另算 softmax。
#
# 我们关心的是准确率（答对的比例），为什么不拿它当损失？
# 把一个权重改动一点点，往往一个判断也不会变：准确率像台阶，斜率几乎处处是 0，给不出方向。
# 交叉熵随每个权重平滑地变化，判断没变时也奖励正确的一类概率变大，所以训练用它。
# %% [markdown] lang="en" numbers="0.125 0.250 0.625 0.47 2.08 0.83 1.46 1.0 0.0001"
# ## 2 · The ladder of torch.nn
# ### Logits, softmax, cross-entropy once more
#
# A network gives logits $z$, one score for each class.
# Softmax turns them into probabilities: first $e^z$, so that all are positive, then division by the sum, so that they add up to 1.
# By hand: let $z$ be $0,\ \ln 2,\ \ln 5$; then $e^z$ is 1, 2, 5, the sum is 8 and the probabilities are 0.125, 0.250, 0.625.
#
# **Cross-entropy** looks at the probability of the *right* class only, and takes its negative logarithm: if class 2 is right, the loss is $-\ln 0.625 \approx 0.47$; if class 0 is, it is $\ln 8 \approx 2.08$.
# Being sure and wrong costs most.
# In one formula, without the probabilities: $\log\sum_j e^{z_j} - z_y$, where $y$ is the right class; here $\ln 8 - \ln 5$, again 0.47.
#
# Why in one? With a logit of 1000, $e^{1000}$ is infinite in `float32`; `logsumexp` subtracts the largest logit first.
# A common error: softmax first, then `F.cross_entropy`.
# It does the softmax itself; if you hand it probabilities, softmax is done twice: in the example the loss is 0.83 instead of 0.47.
#
# Probabilities lie between 0 and 1, so the second softmax can't give nearly 1: with ten classes, even where the first gives 1 to the right class and 0 to the others, the second gives only $e/(e + 9)$, and the loss never falls below $\ln(e + 9) - 1 \approx$ 1.46.
#
# The slopes shrink, too: let the logits be 10 and nine times 0, while class 1 is right. Such a confident error should be corrected strongly, and the largest slope is 1.0; with a second softmax it is only 0.0001, and hardly anything is learned.
# So a network ends with a linear layer and gives its logits as they are; to look at probabilities, compute their softmax separately.
#
# We care about accuracy, the share that is right; why isn't that the loss?
# Change one weight a little, and usually no decision changes: accuracy is a staircase whose slope is 0 almost everywhere, and gives no direction.
# Cross-entropy changes smoothly with every weight, and rewards a higher probability of the right class even where the decision stays; so we train on it.
# %%
if __name__ == "__main__":
    z = torch.tensor([1.0, 2, 5]).log()  # three logits
    probs = z.exp() / z.exp().sum()
    print("probabilities:", [f"{p:.3f}" for p in probs.tolist()])
    print(
        "loss if class 2 is right:", f"{z.logsumexp(0) - z[2]:.2f}", " if class 0 is:", f"{z.logsumexp(0) - z[0]:.2f}"
    )
    print("F.cross_entropy of logits:", f"{F.cross_entropy(z, torch.tensor(2)):.2f}", end=", ")
    print("of probabilities (wrong):", f"{F.cross_entropy(probs, torch.tensor(2)):.2f}")
    figures.softmax(z, probs).show()
    perfect = F.one_hot(torch.tensor(1), 10).float()  # 1 for the right class, 0 for the others
    print(f"ten classes, perfect probabilities given as logits: loss {F.cross_entropy(perfect, torch.tensor(1)):.2f}")
    for twice in (False, True):
        z = torch.tensor([10.0] + 9 * [0.0], requires_grad=True)  # sure of class 0, and class 1 is right
        F.cross_entropy(z.softmax(dim=0) if twice else z, torch.tensor(1)).backward()
        assert z.grad is not None
        print(f"softmax twice {twice!s:5}: the largest slope is {z.grad.abs().max():.4f}")


# %% [markdown] lang="zh" numbers="0.693 0.500 -0.500 0.598"
# ### 训练的一步
#
# 所有训练都是同一个循环。下面把它写五遍，每一遍多用一样 PyTorch 的工具，像爬五级梯子；做的事始终一样。
# 数据分成批（batch），每批走一步（step）；全部数据过一遍，叫一轮（epoch）。
# 10 个样本、`batch_size` 为 4：一轮有三批，4、4、2 个，走三步；`batch_size` 为 16：一批 10 个，走一步。
# 一步有五件事：
#
# 1. **前向**：由这一批算出 logits；
# 2. **损失**：这一批交叉熵的平均；
# 3. **反向**：`loss.backward()` 把斜率写进每个参数的 `.grad`；
# 4. **更新**：每个参数减去 `lr` 乘它的 `.grad`；
# 5. **清空**：`.grad` 归零，否则下一步的斜率会*加*在上面。
#
# 手算一步：一个特征 $x = 1$，两个类，权重都是 0，正确的是第 1 类。
# logits 是 0 和 0，概率各一半，损失 $\ln 2 \approx$ 0.693。
# 损失对 logits 的斜率是“概率减独热”，$(0.5, 0.5) - (0, 1)$：第 0 类 0.500，第 1 类 -0.500；乘以 $x = 1$，就是权重的斜率。
# `lr` 取 0.2：权重变成 $-0.1$ 和 $0.1$；再算一次，损失是 0.598，降了。
# 一般地，设损失对线性层各输出的斜率是 $g$。权重 $W_{ij}$ 的斜率是 $g_i x_j$，偏置的斜率就是 $g$。输入 $x_j$ 参与每一个输出，所以它的斜率要把各份加起来：$\sum_i g_i W_{ij}$；往前一层传的，就是这个斜率。
# 例如第 1 节表里的三行权重，收到 $g = (1, 0, 2)$：两个输入的斜率是 1·1 + 0·0 + 2·1 = 3 和 1·0 + 0·1 + 2·1 = 2。
# 这种每批走一步的梯度下降叫 SGD（stochastic gradient descent，随机梯度下降）。
#
# 为什么不用全部数据算一个准确的梯度？
# 60,000 张图、每批 100 张，一轮更新 600 次；全部作一批，只更新 1 次。
# 随机取一批，算出的梯度有时偏这边，有时偏那边（这就是噪声），平均起来正是全部数据的梯度；而计算量只有 $1/600$。
# 算一次准确梯度的计算量，够走 600 步，每步的方向大致正确，通常划算得多。
# 噪声（标准差）与批的大小的平方根成反比：100 张换成 400 张，计算量是四倍，噪声只减半（$\sqrt{4} = 2$）。
# %% [markdown] lang="en" numbers="0.693 0.500 -0.500 0.598"
# ### One step of training
#
# All training is the same loop. You will write it five times, each time with one more of PyTorch's tools, like climbing a ladder of five rungs; what it does stays the same.
# The data are cut into **batches**, and each batch makes one **step**; once through all data is one **epoch**.
# 10 samples with a `batch_size` of 4: three batches of 4, 4 and 2 in an epoch, three steps; with a `batch_size` of 16: one batch of 10, one step.
# A step does five things:
#
# 1. **forward**: from this batch to its logits;
# 2. **loss**: the mean cross-entropy of this batch;
# 3. **backward**: `loss.backward()` writes slopes into the `.grad` of each parameter;
# 4. **update**: from each parameter subtract `lr` times its `.grad`;
# 5. **clear** `.grad`, else the next step's slopes are *added* to it.
#
# One step by hand: one feature $x = 1$, two classes, both weights 0, and class 1 is right.
# The logits are 0 and 0, the probabilities one half each, the loss $\ln 2 \approx$ 0.693.
# The slope of the loss along the logits is "probability minus one-hot", $(0.5, 0.5) - (0, 1)$: 0.500 for class 0, -0.500 for class 1; times $x = 1$, it is the slope along the weights.
# Let `lr` be 0.2: the weights become $-0.1$ and $0.1$; computed again, the loss is 0.598, and has fallen.
# In general, let $g$ be the slopes of the loss along the outputs of a linear layer. The slope of the weight $W_{ij}$ is $g_i x_j$, that of the bias is $g$ itself. The input $x_j$ is used in every output, so its slope is the sum of all shares, $\sum_i g_i W_{ij}$, and this is what the layer before receives.
# Take the three rows of weights of the table in section 1 and $g = (1, 0, 2)$: the slopes of the two inputs are 1·1 + 0·0 + 2·1 = 3 and 1·0 + 0·1 + 2·1 = 2.
# Gradient descent with one step per batch is called **SGD** (stochastic gradient descent).
#
# Why not one exact gradient from all the data?
# 60,000 images in batches of 100 make 600 updates in an epoch; as a single batch they make 1.
# The gradient of a random batch is off now to one side, now to the other (this is its noise), but on average it is that of all the data; and it costs only $1/600$ of the work.
# For the work of one exact step you take 600 that are roughly right, usually by far the better bargain.
# The noise (standard deviation) falls as one over the square root of the batch size: 400 images instead of 100 are four times the work and only halve it ($\sqrt{4} = 2$).
# %%
if __name__ == "__main__":
    w = torch.zeros(2, 1, requires_grad=True)
    x, y = torch.tensor([[1.0]]), torch.tensor([1])
    for _ in range(2):
        loss = F.cross_entropy(x @ w.T, y)  # 1 forward, 2 loss
        loss.backward()  # 3 backward
        assert w.grad is not None
        print(f"loss {loss:.3f}, slopes", [f"{v:.3f}" for v in w.grad.flatten().tolist()])
        w.data -= 0.2 * w.grad  # 4 update; `.data`, so that the graph doesn't see it
        w.grad = None  # 5 clear


# %% [markdown] lang="zh" tags=["question"] see="rung_1"
# 第 5 件事若忘了，会怎样？第 4 件事若写成普通的 `w = w - 0.2 * w.grad`，又会怎样？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="rung_1"
# What happens if you forget number 5? And if you write number 4 as a plain `w = w - 0.2 * w.grad`? Predict, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 忘了清空，第 2 步用的是两步斜率之和，第 3 步是三步之和：步子太大，用的又多半是旧的斜率，冲过最低点还停不下来。
# 写成普通赋值，`w` 就不再是叶子，而是一个算出来的结果：下一次 `backward()` 之后，它的 `.grad` 是 `None`，更新就报错。
# 所以更新要在图之外：`torch.no_grad()` 之下就地改，或者用 `.data`。
# %% [markdown] lang="en" tags=["answer"]
# Without clearing, step 2 uses the sum of two steps' slopes, step 3 of three: steps are too large and mostly made of old slopes, so they run past the lowest point and don't settle.
# With a plain assignment `w` is no leaf any more but a computed result: after the next `backward()` its `.grad` is `None`, and the update fails.
# So the update stays outside the graph: in place under `torch.no_grad()`, or by `.data`.
# %%
if __name__ == "__main__":
    # three equal samples, one of another class: the loss can't reach 0
    x, y = torch.ones(3, 1), torch.tensor([1, 1, 0])
    for clear in (True, False):
        w, losses = torch.zeros(2, 1, requires_grad=True), []
        for _ in range(12):
            loss = F.cross_entropy(x @ w.T, y)
            loss.backward()
            assert w.grad is not None
            w.data -= w.grad  # `lr` is 1
            losses.append(f"{loss:.2f}")
            if clear:
                w.grad = None
        print("cleared:    " if clear else "not cleared:", *losses)
    w = torch.zeros(2, 1, requires_grad=True)
    print("at first: a leaf", w.is_leaf, end="; ")
    w = w - 0.2 * torch.ones(2, 1)  # a plain assignment, as in `w = w - lr * w.grad`
    print("after a plain assignment: a leaf", w.is_leaf)


# %% [markdown] lang="zh" numbers="0.64"
# 看打印出的两行：每步都清空的（cleared），第三个损失就到了最低的 0.64；不清空的（not cleared），冲过头又冲回来，一直停不下来，因为每一步都把以前所有的斜率再走一遍。
# `w = w - lr * w.grad` 造出的 `w` 是算出来的结果，不是叶子：下一次 `backward()` 不给它写 `.grad`（仍是 `None`），更新时就报错。
# 正确的写法：在 `with torch.no_grad():` 里就地改，`w -= lr * w.grad`（或者用 `w.data`），然后 `w.grad = None`。
# %% [markdown] lang="en" numbers="0.64"
# Look at the two lines printed: with clearing (cleared), the third loss is already the lowest, 0.64; without (not cleared), it runs past and back again and never settles, since each step repeats all old slopes.
# The `w` of `w = w - lr * w.grad` is a computed result and no leaf: the next `backward()` writes no `.grad` for it (it stays `None`), and the update fails.
# The right way: under `with torch.no_grad():` change it in place, `w -= lr * w.grad` (or use `w.data`), then `w.grad = None`.
# %% [markdown] lang="zh"
# ### 一级一级往上爬
#
# 同一个线性分类器（一个线性层，输出直接当 logits：`x @ weight.T + bias`）写五遍：原始张量，`Parameter`，`Module`，`optim`，`DataLoader`。
# 每上一级，有一件事不必再自己写；五级给出的损失逐步相同（第一级的损失是自己写的，只差一点舍入误差）：可见这些工具并没有做别的事。
# **读物**：Jeremy Howard，*What is torch.nn really?*（英文，PyTorch 官方教程），这种一级一级的讲法就来自它；它讲得更细，后面还讲到卷积网络（下一课）和 GPU（能同时做许多运算的芯片）。读时想一想：哪一级之后，换一个网络就不必改循环了？
#
# 五级的约定相同：
# - `x` 是 `n d_in`，`y` 是正确的类，从给定的 `weight` 和 `bias` 开始；返回一维张量，每一步一个损失，不带计算图。
# - 按原来的顺序取批，最后不满的一批也算；`batch_size` 可以大于 `n`。一共 `epochs` 轮。
# - 损失是这一批的*平均*，记的是更新*之前*的；logits 上千时也不许溢出。
# - 传入的 `weight` 和 `bias` 不许改动，之后也不许变成要求梯度的：先拷贝。
# - 全是 `float32`，标签是 int64，至少一批、一轮；结果是 `float32` 还是 `float64` 不检查。
# %% [markdown] lang="en"
# ### Climb rung by rung
#
# You write one linear classifier (a linear layer whose output is taken as logits: `x @ weight.T + bias`) five times: raw tensors, `Parameter`, `Module`, `optim`, `DataLoader`.
# On each rung there is one thing less to write yourself, and all five give the same loss at every step (the first writes its own loss and differs by rounding): so these tools do nothing else.
# **Reading**: Jeremy Howard, *What is torch.nn really?* (in English, among PyTorch's own tutorials) is where this way of teaching, rung by rung, comes from; it explains in more detail, and goes on to a convolutional network (next lesson) and a GPU (a chip that does many computations at once). While you read: after which rung can you exchange the network without touching the loop?
#
# The rules are the same on all five:
# - `x` is `n d_in`, `y` holds the right classes, and you begin with the `weight` and `bias` that are given; return a tensor of one axis, one loss for each step, without a graph.
# - Take the batches in the order given, a last smaller one too; `batch_size` may be larger than `n`. There are `epochs` epochs.
# - The loss is the *mean* over the batch, taken *before* the update; logits in the thousands must not overflow.
# - The `weight` and `bias` that are given stay unchanged, and must not ask for gradients afterwards: copy them first.
# - All is `float32` with int64 labels, in at least one batch and one epoch; whether the losses are `float32` or `float64` isn't judged.
# %% [markdown] lang="zh"
# ### 练习 · 第 1 级：原始张量 · 25 分钟
#
# 只有张量和 `backward()`：不用 `nn.Module`（`nn.ParameterList` 是一列参数，也是模块），也不用 `torch.optim`。
# 交叉熵用上面的式子自己写，不用 `F.cross_entropy`，也不用 `F.nll_loss`（由概率的对数算交叉熵）；别的函数都可以用，例如 `logsumexp`。
# `torch.stack` 把一串形状相同的张量叠成一个。
# 例如 `n` = 10、`batch_size` = 4、`epochs` = 3，返回 9 个损失；用上面手算的数，偏置从 0 起、也一起更新，头两个损失是 0.693 和 0.513（手算时没有偏置，所以是 0.598）。
# %% [markdown] lang="en"
# ### Exercise · rung 1: raw tensors · 25 min
#
# Only tensors and `backward()`: neither `nn.Module` (an `nn.ParameterList`, a list of parameters, is one, too) nor `torch.optim`.
# Write the cross-entropy yourself, by the formula above, without `F.cross_entropy` and `F.nll_loss` (cross-entropy from the logarithms of probabilities); any other function may be used, such as `logsumexp`.
# `torch.stack` makes one tensor of a list of tensors of the same shape.
# With `n` = 10, `batch_size` = 4 and `epochs` = 3, for example, 9 losses come back; with the numbers worked out above, and a bias that starts at 0 and is updated too, the first two are 0.693 and 0.513 (by hand there was no bias: hence 0.598).
# %% exercise="rung_1" difficulty=3 importance=5 minutes=25
Inputs = Float[Tensor, "n d_in"]
Labels = Int[Tensor, " n"]
Weight = Float[Tensor, "d_out d_in"]
Bias = Float[Tensor, " d_out"]
Losses = Float[Tensor, " steps"]


def rung_1(x: Inputs, y: Labels, weight: Weight, bias: Bias, lr: float, batch_size: int, epochs: int) -> Losses:
    """The losses of a linear classifier under gradient descent, one for each step."""
    # solution
    weight, bias = weight.clone().requires_grad_(), bias.clone().requires_grad_()
    losses = []
    for _ in range(epochs):
        for xb, yb in zip(x.split(batch_size), y.split(batch_size), strict=True):
            logits = xb @ weight.T + bias
            loss = (logits.logsumexp(dim=-1) - logits[torch.arange(len(yb)), yb]).mean()
            loss.backward()
            for p in (weight, bias):
                assert p.grad is not None
                p.data -= lr * p.grad
                p.grad = None
            losses.append(loss.detach())
    return torch.stack(losses)


if __name__ == "__main__":
    tests.test_rung_1(rung_1)


# %% [markdown] lang="zh" tags=["hint"]
# 怎样得到一份自己的、要求梯度的 `weight`，而不碰传进来的那个？
# %% [markdown] lang="en" tags=["hint"]
# How do you get a `weight` of your own that asks for its gradient, without touching the one given?
# %% [markdown] lang="zh" tags=["hint"]
# `x.split(batch_size)` 给出各批；`logsumexp` 不会溢出；正确那一类的 logit，用“每行取一个”的索引取出。
# %% [markdown] lang="en" tags=["hint"]
# `x.split(batch_size)` gives the batches; `logsumexp` doesn't overflow; pick the right class's logit by an index with one entry per row.
# %% [markdown] lang="zh" tags=["hint"]
# 两层循环（轮、批），里面就是那五件事；记下 `loss.detach()`，最后 `torch.stack`。
# %% [markdown] lang="en" tags=["hint"]
# Two loops (epochs, batches), with the five things inside; note `loss.detach()`, and `torch.stack` at the end.
# %% [markdown] lang="zh"
# ### 练习 · 第 2 级：Parameter · 10 分钟
#
# `nn.Parameter(t)` 是一个默认要求梯度的张量，与 `t` 共用内存。
# 规则与第 1 级相同，但用两个 `nn.Parameter`；损失换成 `F.cross_entropy`，它收 logits 和类的编号，返回平均。
# %% [markdown] lang="en"
# ### Exercise · rung 2: Parameter · 10 min
#
# An `nn.Parameter(t)` is a tensor that asks for its gradient by default, and shares the memory of `t`.
# The rules are those of rung 1, with two `nn.Parameter`; the loss becomes `F.cross_entropy`, which takes logits and the numbers of the classes, and returns the mean.
# %% exercise="rung_2" difficulty=2 importance=3 minutes=10
def rung_2(x: Inputs, y: Labels, weight: Weight, bias: Bias, lr: float, batch_size: int, epochs: int) -> Losses:
    """As `rung_1`, with two `nn.Parameter`."""
    # solution
    parameters = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())
    losses = []
    for _ in range(epochs):
        for xb, yb in zip(x.split(batch_size), y.split(batch_size), strict=True):
            loss = F.cross_entropy(F.linear(xb, *parameters), yb)
            loss.backward()
            for p in parameters:
                assert p.grad is not None
                p.data -= lr * p.grad
                p.grad = None
            losses.append(loss.detach())
    return torch.stack(losses)


if __name__ == "__main__":
    tests.test_rung_2(rung_2)


# %% [markdown] lang="zh" tags=["hint"]
# 共用内存意味着什么？就地更新之后，传进来的 `weight` 还是原来的吗？
# %% [markdown] lang="en" tags=["hint"]
# What does shared memory mean here? After an update in place, is the `weight` that was given still the same?
# %% [markdown] lang="zh" tags=["hint"]
# 与第 1 级相比只换两处：造参数的那一行，算损失的那一行。
# %% [markdown] lang="en" tags=["hint"]
# Only two places differ from rung 1: the line that makes the parameters and the line of the loss.
# %% [markdown] lang="zh"
# ### 练习 · 第 3 级：Module · 10 分钟
#
# 参数改由模块保管，`model.parameters()` 把它们一个个交出来，多少层都一样。
# `Classifier` 已经写好；调用 `model(xb)`，对 `model.parameters()` 循环着更新，用 `model.zero_grad()` 清空。
# %% [markdown] lang="en"
# ### Exercise · rung 3: Module · 10 min
#
# The parameters move into a module, and `model.parameters()` hands them out one by one, however many layers there are.
# `Classifier` is written for you; call `model(xb)`, update in a loop over `model.parameters()`, clear by `model.zero_grad()`.
# %% exercise="rung_3" difficulty=2 importance=4 minutes=10
class Classifier(nn.Module):
    """A linear classifier with copies of these parameters."""

    def __init__(self, weight: Float[Tensor, "d_out d_in"], bias: Float[Tensor, " d_out"]) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())

    def forward(self, x: Float[Tensor, "n d_in"]) -> Float[Tensor, "n d_out"]:
        return x @ self.weight.T + self.bias


def rung_3(x: Inputs, y: Labels, weight: Weight, bias: Bias, lr: float, batch_size: int, epochs: int) -> Losses:
    """As `rung_2`, with a `Classifier` that is called, and its `parameters()`."""
    # solution
    model = Classifier(weight, bias)
    losses = []
    for _ in range(epochs):
        for xb, yb in zip(x.split(batch_size), y.split(batch_size), strict=True):
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            for p in model.parameters():
                assert p.grad is not None
                p.data -= lr * p.grad
            model.zero_grad()
            losses.append(loss.detach())
    return torch.stack(losses)


if __name__ == "__main__":
    tests.test_rung_3(rung_3)


# %% [markdown] lang="zh" tags=["hint"]
# 网络若有一百层，你的更新那几行还对吗？
# %% [markdown] lang="en" tags=["hint"]
# If the network had a hundred layers, would your lines of the update still be right?
# %% [markdown] lang="zh" tags=["hint"]
# 结构与第 2 级相同：`for p in model.parameters():` 代替两个名字。
# %% [markdown] lang="en" tags=["hint"]
# Built as rung 2, with `for p in model.parameters():` in place of two names.
# %% [markdown] lang="zh"
# ### 练习 · 第 4 级：optim · 10 分钟
#
# 更新规则交给优化器（optimizer）：`torch.optim.SGD(model.parameters(), lr=lr)`。
# 注意它*不*算梯度：`optimizer.step()` 只是读 `.grad`、改参数，`optimizer.zero_grad()` 只是清空。
# %% [markdown] lang="en"
# ### Exercise · rung 4: optim · 10 min
#
# The update rule moves into an **optimiser**: `torch.optim.SGD(model.parameters(), lr=lr)`.
# Note that it does *not* compute gradients: `optimizer.step()` only reads `.grad` and changes the parameters, `optimizer.zero_grad()` only clears.
# %% exercise="rung_4" difficulty=2 importance=4 minutes=10
def rung_4(x: Inputs, y: Labels, weight: Weight, bias: Bias, lr: float, batch_size: int, epochs: int) -> Losses:
    """As `rung_3`, with `torch.optim.SGD`."""
    # solution
    model = Classifier(weight, bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for xb, yb in zip(x.split(batch_size), y.split(batch_size), strict=True):
            loss = F.cross_entropy(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
    return torch.stack(losses)


if __name__ == "__main__":
    tests.test_rung_4(rung_4)


# %% [markdown] lang="zh" tags=["hint"]
# 五件事里，哪两件归了优化器？哪一件还是损失自己做？
# %% [markdown] lang="en" tags=["hint"]
# Of the five things, which two are the optimiser's now? Which is still the loss's own?
# %% [markdown] lang="zh" tags=["hint"]
# 三句话：`zero_grad`，`backward`，`step`；清空夹在 `backward` 和 `step` 之间就什么也不更新了。
# %% [markdown] lang="en" tags=["hint"]
# Three calls: `zero_grad`, `backward`, `step`; clearing between `backward` and `step` would leave nothing to update with.
# %% [markdown] lang="zh"
# ### 练习 · fit · 10 分钟
#
# 梯子的循环单独成为一个函数：任何模型、任何数据、任何 `step()` 括号里不用写东西的优化器（SGD，或本节末尾讲到的 Adam）都能用它，后面几课也用它。
# `loader` 是任何能反复遍历的东西，每一轮从头交出 `(images, labels)` 这样的批；不要假定它有长度。
# 开头把模型切到 `train` 模式；返回一个列表，每一步一个 Python 数，是更新之前的损失。
# 清空放在 `backward()` 之前还是 `step()` 之后都行；交进来的模型没有旧的梯度。
# 例如三批、两轮，返回 6 个数。
# %% [markdown] lang="en"
# ### Exercise · fit · 10 min
#
# The ladder's loop becomes a function of its own: it serves any model, any data, any optimiser whose `step()` takes no argument (SGD, or Adam at the end of this section), and later lessons use it, too.
# `loader` is anything that you can loop over again and again; in each epoch it hands out its batches `(images, labels)` from the first to the last; don't count on its having a length.
# Begin by putting the model into `train` mode; return a list with one Python number for each step, the loss before the update.
# Clear before `backward()` or after `step()`, as you like; the model comes without old gradients.
# Three batches and two epochs, for example, give 6 numbers.
# %% exercise="fit" difficulty=2 importance=5 minutes=10
def fit(
    model: nn.Module, loader: Iterable[Sequence[Tensor]], optimizer: torch.optim.Optimizer, epochs: int
) -> list[float]:
    """Trains `model`, in train mode, by the cross-entropy of each batch; the losses as numbers, one for each step."""
    # solution
    model.train()
    losses = []
    for _ in range(epochs):
        for images, labels in loader:
            loss = F.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


if __name__ == "__main__":
    tests.test_fit(fit)


# %% [markdown] lang="zh" tags=["hint"]
# 第 4 级的哪几行与“线性分类器”无关？它们可以原样搬来。
# %% [markdown] lang="en" tags=["hint"]
# Which lines of rung 4 have nothing to do with "a linear classifier"? They move over as they are.
# %% [markdown] lang="zh" tags=["hint"]
# `loss.item()` 把只有一个数的张量变成 Python 的数，计算图也就放开了。
# %% [markdown] lang="en" tags=["hint"]
# `loss.item()` makes a Python number of a tensor with one number, and lets the graph go.
# %% [markdown] lang="zh"
# ### 练习 · 第 5 级：DataLoader · 5 分钟
#
# `TensorDataset(x, y)` 把两个张量配成一对一对的样本；`DataLoader(data, batch_size)` 把样本收成批：默认按原来的顺序，最后不满的一批也给。
# 用它们和 `fit` 重写第 4 级。
# 做完之后，下一格在 1,797 张手写数字（`load_digits`，第 3 节细说）上比较五级：`*start` 把元组里的东西一个个交给函数，`abs()` 去掉正负号。
# %% [markdown] lang="en"
# ### Exercise · rung 5: DataLoader · 5 min
#
# `TensorDataset(x, y)` pairs the entries of two tensors as samples; `DataLoader(data, batch_size)` collects samples into batches: by default in their order, the last, smaller one included.
# Write rung 4 again with both and `fit`.
# After that the next cell compares the five rungs on 1,797 handwritten digits (`load_digits`, more in section 3): `*start` hands over the entries of a tuple one by one, and `abs()` takes away the signs.
# %% exercise="rung_5" difficulty=2 importance=5 minutes=5
def rung_5(x: Inputs, y: Labels, weight: Weight, bias: Bias, lr: float, batch_size: int, epochs: int) -> Losses:
    """As `rung_4`, with a `DataLoader` and `fit`."""
    # solution
    model = Classifier(weight, bias)
    loader = DataLoader(TensorDataset(x, y), batch_size)
    losses = fit(model, loader, torch.optim.SGD(model.parameters(), lr=lr), epochs)
    return torch.tensor(losses, dtype=x.dtype)


if __name__ == "__main__":
    tests.test_rung_5(rung_5)


# %% [markdown] lang="zh" tags=["hint"]
# `DataLoader` 默认打乱吗？默认丢掉最后不满的一批吗？查一查 `shuffle` 和 `drop_last`。
# %% [markdown] lang="en" tags=["hint"]
# Does a `DataLoader` shuffle by default? Does it drop a last smaller batch by default? Look up `shuffle` and `drop_last`.
# %% [markdown] lang="zh" tags=["hint"]
# 四行：模型、加载器、`fit`，最后把数的列表变成张量。
# %% [markdown] lang="en" tags=["hint"]
# Four lines: model, loader, `fit`, and a tensor of the list of numbers.
# %%
if __name__ == "__main__":
    right = tests.test_rung_1(rung_1) and tests.test_rung_2(rung_2) and tests.test_rung_3(rung_3)
    if right and tests.test_rung_4(rung_4) and tests.test_rung_5(rung_5):
        pixels, labels = (torch.tensor(array) for array in load_digits(return_X_y=True))
        # pixels go from 0 to 16: divided by 16, from 0 to 1
        start = pixels.float() / 16, labels.long(), torch.randn(10, 64) / 8, torch.zeros(10)
        ladder = torch.stack([rung(*start, 0.5, 64, 3) for rung in (rung_1, rung_2, rung_3, rung_4, rung_5)])
        differences = ", ".join(f"{d:.0e}" for d in (ladder - ladder[-1]).abs().amax(dim=1))
        print(f"largest difference of each rung to the last, over {ladder.shape[1]} steps: {differences}")
        figures.ladder(ladder[:, :29]).show()  # the first epoch: 28 batches of 64, and one of 5


# %% [markdown] lang="zh" tags=["question"] see="rung_4"
# `torch.optim.Adam` 是另一种优化器，像 SGD，但每个参数各有自己的学习率，由斜率和斜率平方的滑动平均（越新的比重越大）算出。
# 只换一个词，`torch.optim.SGD` 换成 `torch.optim.Adam`：第 1 级要改几行，第 4 级要改几行？这说明梯子换来了什么？
# %% [markdown] lang="en" tags=["question"] see="rung_4"
# `torch.optim.Adam` is another optimiser: like SGD, with a step size of its own for each parameter, computed from the running means of its slopes and of their squares (newer ones weigh more).
# Replace a single word, `torch.optim.SGD` by `torch.optim.Adam`: how many lines change on rung 1, how many on rung 4? What, then, was gained on the ladder?
# %% [markdown] lang="zh" tags=["answer"]
# 第 1 级要为每个参数记两份平均、写修正，十来行；第 4 级只改一个词。
# 梯子并没有让计算变快，也没有让它变“智能”：它把会一起变的东西放在一处，让模型、数据、更新规则可以各换各的。
# %% [markdown] lang="en" tags=["answer"]
# Rung 1 needs two running averages for each parameter and a correction, about a dozen lines; rung 4 one word.
# The ladder made nothing faster or cleverer: it put together what changes together, so that model, data and update rule can each be replaced on its own.
# %% [markdown] lang="zh"
# ## 3 · 训练
# ### 损失下降，不等于学会
#
# 一个反例，刻意做出来的：拿 200 张数字图训练一个网络，其中每五张就有一张的标签*故意标错*。
# 错的标签没有规律，学不会，只能背。
# 另外 360 张标签正确的图留出来（held-out），不参加训练，只用来量损失。
# 代码里：`~` 把布尔掩码取反，`y[::5]` 是每五个取一个（第 0、5、10……个），优化器是上面提到的 Adam。
# %% [markdown] lang="en"
# ## 3 · Training
# ### A falling loss doesn't mean that it learned
#
# A counter-example, made on purpose: a network is trained on 200 pictures of digits, and every fifth of them has a *wrong label*.
# Wrong labels follow no rule; they can't be learned, only memorised.
# Another 360 pictures with right labels are **held out**: they aren't trained on, and serve only to measure the loss.
# In the code `~` swaps true and false in a boolean mask, `y[::5]` is every fifth entry (0, 5, 10, …), and the optimiser is Adam, just mentioned.
# %% [markdown] lang="zh" tags=["question"] see="train_with_validation"
# 先预测两条曲线的样子，再运行下一格：训练损失能降到接近 0 吗？留出集上的损失会一直跟着降吗？
# 加上 `Dropout(0.5)`，哪一条会变？
# %% [markdown] lang="en" tags=["question"] see="train_with_validation"
# Predict both curves, then run the next cell: can the training loss fall close to 0? Does the held-out loss follow it down all the way?
# With `Dropout(0.5)`, which of them changes?
# %% [markdown] lang="zh" tags=["answer"]
# 训练损失几乎到 0：200 张图，网络有一万五千个参数，连错的标签也背得下来。
# 留出集上的损失先降后升，最后是最低点的两倍左右：背下来的错误用在了新图上。
# 这叫过拟合（overfitting）。随机失活让背诵变难：训练损失降得慢，留出集上好得多，但也没有治好。
# %% [markdown] lang="en" tags=["answer"]
# The training loss comes close to 0: with 200 pictures and fifteen thousand parameters, even wrong labels can be memorised.
# The held-out loss falls, then rises to about twice its lowest: memorised errors are applied to new pictures.
# This is **overfitting**. Dropout makes memorising harder: the training loss falls more slowly and the held-out loss is much better, though not cured.
# %%
def overfit(dropout: float, steps: int = 200) -> dict[str, list[float]]:
    """Training and held-out loss after each step on 200 digits, of which every fifth has a wrong label."""
    pixels, labels = (torch.tensor(array) for array in load_digits(return_X_y=True))
    pixels, labels, held_out = pixels.float() / 16, labels.long(), torch.arange(len(labels)) % 5 == 0
    x, y = pixels[~held_out][:200], labels[~held_out][:200].clone()
    y[::5] = (y[::5] + 1 + torch.arange(40) % 9) % 10  # never the right one
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 200), nn.ReLU(), nn.Dropout(dropout), nn.Linear(200, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    curves: dict[str, list[float]] = {"training": [], "held out": []}
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model.train()(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            model.eval()
            curves["training"].append(F.cross_entropy(model(x), y).item())
            curves["held out"].append(F.cross_entropy(model(pixels[held_out]), labels[held_out]).item())
    return curves


if __name__ == "__main__":
    runs = {p: overfit(p) for p in (0.0, 0.5)}
    for p, curves in runs.items():
        lowest, last, training = min(curves["held out"]), curves["held out"][-1], curves["training"][-1]
        print(f"dropout {p}: training loss {training:.1f}; held-out loss {lowest:.1f} at best, {last:.1f} at the end")
    figures.overfitting(runs).show()


# %% [markdown] lang="zh"
# ### 过拟合，以及三份数据
#
# 图里两条线分开的地方，就是背诵的开始：训练损失问“记住了吗”，留出集上的损失问“学会了吗”。
# 训练数据上好，新数据上差，就叫过拟合（overfitting）。
# 因此训练之外总要留出一份没见过的数据，每一轮在上面量一次，这叫验证（validation）。
# 例如训练集上 100%、验证集上 91%，就是过拟合：可以试试增加数据、随机失活、换小一点的网络，或者早停（早一点停止训练）。
# 两边都低，例如 55% 和 54%，就不是过拟合，而是欠拟合（underfitting）：连训练数据也没有学会。
# 遇到欠拟合，先拿十来张训练图，看网络背不背得下来。
# 背不下来，就查程序有没有错、学习率合不合适；背得下来，就换大一点的网络、多练几步。
# 随机失活和早停只会更糟，数据再多也帮不上忙。
# 反过来，训练损失比验证损失*高*，也未必有错：两边量的不是同一个网络。
# 训练损失量的是随机失活之后残缺的网络，又是一轮里边学边记的；验证损失量的是完整的、这一轮末尾的网络。
# 要公平地比，就在 `eval` 模式下用同样的权重各量一次，上一格的 `overfit` 就是这样量的。
#
# 损失上升，准确率却也上升，矛盾吗？不矛盾。
# 准确率只问哪一类最大，损失还问有多大把握。多对了几张，准确率就升；可是仍然错的那几张，如今错得更有把握：给正确的类只留 0.001 的概率，一张就要付 $-\ln 0.001 \approx 6.9$，平均损失就被拉高了。
# 这也是过拟合，只是先坏在“把握”上：训练损失接近 0 以后，网络仍把 logits 越推越大，对新图也过于自信；选哪一类，暂时还没有变差。
#
# 还要小心：如果你看着这份数据挑学习率、挑停下的时刻，那它也被你“学”进去了。
# 试 200 种设定，报告其中最好的验证准确率：最好的那个，有一部分是因为碰巧适合这些图，数字偏高。
# 严格的做法是三份：训练集用来学，验证集用来挑，测试集只在最后用一次。
# 这一课的数据少，只分训练和留出两份；留出的那份代码里叫 `test_set`，每一轮都在上面量一次，起的是验证集的作用，但不靠它挑任何设定。
# %% [markdown] lang="en"
# ### Overfitting, and three sets of data
#
# Where the two lines part, memorising begins: the training loss asks "did it memorise?", the held-out loss "did it learn?".
# Good on the training data and worse on new data: that is **overfitting**.
# So some data that training never sees are always held out and measured on after each epoch: this is **validation**.
# 100% on the training set and 91% on the validation set, for example, is overfitting: try more data, dropout, a smaller network, or early stopping (stop training earlier).
# If both are low, 55% and 54%, say, that isn't overfitting but **underfitting**: not even the training data have been learned.
# If it is underfitting, take a dozen training pictures and see whether the network can memorise them.
# If not, look for an error in the code, or another learning rate; if so, take a larger network, or more steps.
# Dropout and early stopping make it worse, and more data are no help.
# The other way round, a training loss *above* the validation loss need not be an error: the two measure different networks.
# The training loss is that of a network with some units dropped, noted while it is still learning; the validation loss is that of the whole network, as it is at the epoch's end.
# For a fair comparison measure both in `eval` mode with the same weights, as `overfit` above does.
#
# The loss rises and accuracy rises as well: a contradiction? No.
# Accuracy asks only which class is largest, the loss also how sure. A few more images are right, so accuracy rises; but those still wrong are now wrong with more confidence: a single one that leaves its right class a probability of 0.001 costs $-\ln 0.001 \approx 6.9$, which pulls the mean loss up.
# That is overfitting, too, and it harms the confidence first: with a training loss near 0 the network goes on making its logits larger, and is too sure on new images as well; which class it chooses hasn't become worse yet.
#
# Be careful still: if you use these data to choose the learning rate or the moment to stop, you have "learned" from them, too.
# Try 200 settings and report the best validation accuracy: the best is partly one that happens to suit these images, and its number is too high.
# Strictly there are three sets: one to train on, one to choose by, and a test set that is used once, at the end.
# In this lesson data are few, so there are only two, one to train on and one held out; the code calls the second `test_set` and measures on it after each epoch, so it serves as a validation set, but no setting is chosen by it.
# %% [markdown] lang="zh"
# ### 练习 · 手写数字 · 10 分钟
#
# scikit-learn 自带 1,797 张 8×8 的手写数字，像素值从 0 到 16：`load_digits(return_X_y=True)` 给出两个 NumPy 数组，像素（每图一行 64 个）和标签。
# 下标是 5 的倍数的（0、5、10……）留出来，共 360 张；其余 1,437 张用来训练；顺序不变。
# 返回 `TensorDataset`：图是 float32，从 0 到 1（除以 16），形状 `1 8 8`，前面的 1 是通道；标签是 int64。
# 为什么要除？权重的初始大小，是按大小在 1 左右的输入定的；输入大 16 倍，第一层的输出也大 16 倍左右，合适的学习率就不是这一个了。
# 这里的 16 是事先知道的。若用均值和标准差来缩放，两者只从训练集算：把留出的图也算进去，就偷看了它们。
# 验证、测试和将来的图，都用这同样的两个数。
# 之后 `data.tensors` 是它的两个张量，`data[:40]` 从两个张量各取前 40 个。
# 想用 MNIST（七万张 28×28 的手写数字）？能上网的话，先 `from part2_cnns import data`，`data.mnist(train)` 就给出同样形式的数据。
# %% [markdown] lang="en"
# ### Exercise · handwritten digits · 10 min
#
# scikit-learn brings 1,797 handwritten digits of 8×8 pixels with values from 0 to 16: `load_digits(return_X_y=True)` gives two NumPy arrays, the pixels (a row of 64 for each picture) and the labels.
# Those whose index is a multiple of 5 (0, 5, 10 and so on), 360 pictures, are held out, the other 1,437 are for training; the order stays.
# Return a `TensorDataset`: images in float32 from 0 to 1 (divide by 16), of shape `1 8 8`, where the 1 is the channel; labels in int64.
# Why divide? The first weights are sized for inputs of about 1; with inputs 16 times as large the first layer's output is about 16 times as large, too, and this learning rate no longer suits.
# The 16 is known beforehand. If you scale by a mean and a standard deviation, compute both from the training set only: with the held-out images included you would have peeped at them.
# Validation, test and all later images are scaled by the same two numbers.
# Its two tensors are then `data.tensors`, and `data[:40]` takes the first 40 entries of both.
# Would you rather have MNIST (70,000 handwritten digits of 28×28)? With an internet connection, `data.mnist(train)` gives it in the same form, after `from part2_cnns import data`.
# %% exercise="get_digits" difficulty=2 importance=3 minutes=10
def get_digits(train: bool) -> TensorDataset:
    """A `TensorDataset`: float32 images from 0 to 1 of shape 1 8 8, and int64 labels, in scikit-learn's order."""
    # solution
    pixels, labels = (torch.tensor(array) for array in load_digits(return_X_y=True))
    images = pixels.float().reshape(-1, 1, 8, 8) / 16
    held_out = torch.arange(len(images)) % 5 == 0
    chosen = ~held_out if train else held_out
    return TensorDataset(images[chosen], labels.long()[chosen])


if __name__ == "__main__":
    if tests.test_get_digits(get_digits):
        images, labels = get_digits(train=True)[:40]
        figures.digits(images, [str(int(label)) for label in labels]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 哪个运算告诉你一个下标是不是 5 的倍数？对 `torch.arange(len(images))` 一次做完，得到布尔掩码。
# %% [markdown] lang="en" tags=["hint"]
# Which operation tells whether an index is a multiple of 5? Do it for `torch.arange(len(images))` at once, and you have a boolean mask.
# %% [markdown] lang="zh" tags=["hint"]
# `~` 取掩码的反面；像素要 `float()`、`reshape`、除以 16，标签要 `long()`。
# %% [markdown] lang="en" tags=["hint"]
# `~` is a mask's opposite; pixels need `float()`, `reshape` and division by 16, labels need `long()`.
# %% [markdown] lang="zh"
# ### 一次训练要定什么
#
# 网络学的是参数；你定的是超参数（hyperparameter）：哪个网络、几轮、多大的批、多大的步子、哪个种子。
# 把它们放进一个 dataclass，一次训练就成了一个可以保存、比较、重来的对象。
# `@dataclass` 按下面的字段生成 `__init__`；`field(default_factory=…)` 的意思是“每次新造一个”。
# `Callable[[], nn.Module]` 是括号里什么也不传、返回模块的函数，例如 `SimpleMLP`；`Dataset`（数据集）有长度 `len`，能用整数下标取出一个个样本；`lambda: …` 是写成一个式子的函数。
# 例如 `TrainArgs(epochs=5)` 只改轮数。
# %% [markdown] lang="en"
# ### What you decide about a training
#
# A network learns its parameters; you decide its **hyperparameters**: which network, how many epochs, which size of batch and of step, which seed.
# Put into one dataclass, they turn a training run into an object that can be saved, compared and repeated.
# `@dataclass` makes an `__init__` out of the fields below; `field(default_factory=…)` means "make a new one each time".
# `Callable[[], nn.Module]` is a function that takes no argument and returns a module, such as `SimpleMLP`; a `Dataset` is anything that has a `len` and gives its samples by integer indices; `lambda: …` is a function written as one expression.
# `TrainArgs(epochs=5)`, for example, changes the epochs only.
# %%
@dataclass
class TrainArgs:
    """What to train, on what, and how."""

    make_model: Callable[[], nn.Module] = SimpleMLP
    train_set: Dataset = field(default_factory=lambda: get_digits(train=True))
    test_set: Dataset = field(default_factory=lambda: get_digits(train=False))
    epochs: int = 30
    batch_size: int = 64
    lr: float = 3e-3
    seed: int = 0


# %% [markdown] lang="zh"
# ### 练习 · 训练 · 20 分钟
#
# 先 `torch.manual_seed(args.seed)`，再 `args.make_model()`，然后训练；可以调用 `fit`。返回模型和每一步的损失（交叉熵的平均，更新之前的）。造出的模型不论是哪种模式，都要在 `train` 模式下训练；训练完停在哪种模式都行。
# - 优化器用 `torch.optim.Adam`，学习率 `args.lr`：它像 SGD，但每个参数各有自己的学习率；第 4 天你会写它。几轮共用*一个*优化器：它的滑动平均要跨轮保留，每轮新造就全忘了。
# - 每一轮重新打乱顺序，每张图恰好用一次，最后不满的一批也用。为什么要打乱？不打乱的话，每一轮的批都一样；数据若恰好按类排好，每一步还只朝一个类走。
# - `args.train_set` 可以是任何 `Dataset`：只能用 `len` 和整数下标；最省事是交给 `DataLoader(…, shuffle=True)`，它每过一遍都重新打乱，自己用 `torch.randperm` 打乱也行。
# - 66 张、每批 20、两轮，得到 8 个损失；同样的 `args` 再来一次，损失相同。只要是随机的，怎样打乱都行（另造一个 `torch.Generator` 也行），不必与别的程序一样。
# - `progress(range(args.epochs))` 会画出进度条，用不用随你。
# %% [markdown] lang="en"
# ### Exercise · train · 20 min
#
# First `torch.manual_seed(args.seed)`, then `args.make_model()`, then train; `fit` may be called. Return the model and the loss of each step (the mean cross-entropy, before the update). Whatever mode the model is made in, train it in `train` mode; it may end in either.
# - The optimiser is `torch.optim.Adam` with learning rate `args.lr`: it is like SGD with a step size of its own for each parameter; you write it on day 4. *One* optimiser serves all epochs: its running means carry over, and a new one in each epoch would forget them.
# - Shuffle anew in each epoch; each image is used exactly once, a last smaller batch too. Why shuffle? Without it, each epoch has the same batches; and if the data happen to be sorted by class, each step goes towards one class only.
# - `args.train_set` may be any `Dataset`: it has `len` and integer indices, nothing else; easiest is a `DataLoader(…, shuffle=True)`, which shuffles anew each time it is passed through, but you may shuffle by `torch.randperm` yourself.
# - 66 images in batches of 20, twice, give 8 losses; once more with the same `args`, the losses are the same. Any random order will do (from a `torch.Generator` of your own, too); it needn't match another program's.
# - `progress(range(args.epochs))` draws a progress bar, if you like.
# %% exercise="train" difficulty=3 importance=5 minutes=20
def train(args: TrainArgs) -> tuple[nn.Module, list[float]]:
    """The trained model and the loss of each step, before it; the same `args` give the same losses."""
    # solution
    torch.manual_seed(args.seed)
    model = args.make_model()
    loader = DataLoader(args.train_set, args.batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    losses = []
    for _ in progress(range(args.epochs), "epochs"):
        losses += fit(model, loader, optimizer, epochs=1)
    return model, losses


if __name__ == "__main__":
    if tests.test_train(train) and tests.test_SimpleMLP(SimpleMLP) and tests.test_get_digits(get_digits):
        model, losses = train(TrainArgs())
        print(f"the loss falls from {losses[0]:.2f} to {losses[-1]:.2f}; guessing costs ln 10 = {math.log(10):.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 为什么种子要在造模型*之前*设定？想想谁在用随机数。
# %% [markdown] lang="en" tags=["hint"]
# Why is the seed set *before* the model is made? Think of who uses random numbers.
# %% [markdown] lang="zh" tags=["hint"]
# 谁来走每一轮的步子？`fit` 你已经写过，它返回损失的列表，加载器交给它就行。
# %% [markdown] lang="en" tags=["hint"]
# Who takes the steps of an epoch? `fit` is written already, and returns a list of losses; hand it the loader.
# %% [markdown] lang="zh" tags=["hint"]
# 种子、模型、加载器、优化器，然后每一轮调用一次 `fit(…, epochs=1)`，把列表接起来。
# %% [markdown] lang="en" tags=["hint"]
# Seed, model, loader, optimiser, then one call of `fit(…, epochs=1)` for each epoch, with the lists joined.
# %% [markdown] lang="zh"
# ### 练习 · 准确率 · 10 分钟
#
# 返回模型在 `data` 上答对的比例，一个 0 到 1 的 Python 数。
# 用 `eval` 模式，不求梯度，分批来算，批的大小随你；`data` 可以是任何不空的 `Dataset`，只有 `len` 和整数下标（交给 `DataLoader`）；之后模型停在哪个模式都行，但它的缓冲区不许变。
# 不必打乱：这里什么也不学，每张图数一次，顺序不改变答案。
# 当心最后一批：五张图分成 4 和 1，对了 4 和 0，准确率是 $4/5$，不是各批的平均 $(1 + 0)/2$。
# %% [markdown] lang="en"
# ### Exercise · accuracy · 10 min
#
# Return the share of `data` that the model gets right, a Python number from 0 to 1.
# Use `eval` mode, no gradients, and batches of any size; `data` may be any `Dataset` that isn't empty, with `len` and integer indices only (leave it to a `DataLoader`); the model may end in either mode, but its buffers must not change.
# No need to shuffle: nothing is learned here, each image counts once, and the order doesn't change the answer.
# Watch the last batch: five images in batches of 4 and 1 with 4 and 0 right make $4/5$, and not the mean of the batches, $(1 + 0)/2$.
# %% exercise="accuracy" difficulty=2 importance=4 minutes=10
def accuracy(model: nn.Module, data: Dataset) -> float:
    """The share of `data` that `model`, in eval mode, classifies correctly."""
    # solution
    model.eval()
    with torch.inference_mode():
        right = [(model(images).argmax(dim=-1) == labels) for images, labels in DataLoader(data, batch_size=256)]
    return torch.cat(right).float().mean().item()


if __name__ == "__main__":
    tests.test_accuracy(accuracy)


# %% [markdown] lang="zh" tags=["hint"]
# 最大的 logit 在哪个下标？softmax 会改变答案吗？
# %% [markdown] lang="en" tags=["hint"]
# At which index is the largest logit? Would a softmax change the answer?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.no_grad()` 或 `torch.inference_mode()` 之下不建计算图；`DataLoader(data, batch_size=256)` 分批。
# %% [markdown] lang="en" tags=["hint"]
# Under `torch.no_grad()` or `torch.inference_mode()` no graph is built; `DataLoader(data, batch_size=256)` makes the batches.
# %% [markdown] lang="zh" tags=["hint"]
# 收集每张图的对错，`torch.cat` 接起来，最后才平均，再 `item()`。
# %% [markdown] lang="en" tags=["hint"]
# Collect right and wrong for each image, join them by `torch.cat`, average only then, and `item()`.
# %% [markdown] lang="zh"
# ### 练习 · 边训练边验证 · 10 分钟
#
# 与 `train` 相同，只是每一轮*之后*在 `args.test_set` 上算一次准确率，返回第三个结果：每一轮一个数的列表；可以调用 `fit` 和 `accuracy`。
# 验证用 `eval` 模式，不求梯度；下一轮训练要回到 `train` 模式。
# 同样的 `args` 运行两次，损失要相同。
# 但与 `train` 的损失可以不同：验证时也要遍历一次 `DataLoader`，它会从全局发生器取走一个数（不打乱也取），所以从第二轮起，打乱的结果就不一样了。
# %% [markdown] lang="en"
# ### Exercise · train with validation · 10 min
#
# As `train`, and *after* each epoch the accuracy on `args.test_set`; the third result is a list with one number for each epoch; `fit` and `accuracy` may be called.
# Validation is in `eval` mode and without gradients; the next epoch trains in `train` mode again.
# Run twice with the same `args`, it gives the same losses.
# But they may differ from those of `train`: validation, too, passes through a `DataLoader`, which takes a number from the global generator (even unshuffled), so from the second epoch on the images are shuffled differently.
# %% exercise="train_with_validation" difficulty=2 importance=5 minutes=10
def train_with_validation(args: TrainArgs) -> tuple[nn.Module, list[float], list[float]]:
    """As `train`, and as a third result the accuracies, one for each epoch."""
    # solution
    torch.manual_seed(args.seed)
    model = args.make_model()
    loader = DataLoader(args.train_set, args.batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    losses, accuracies = [], []
    for _ in progress(range(args.epochs), "epochs"):
        losses += fit(model, loader, optimizer, epochs=1)
        accuracies.append(accuracy(model, args.test_set))
    return model, losses, accuracies


if __name__ == "__main__":
    right = tests.test_train_with_validation(train_with_validation)
    if right and tests.test_SimpleMLP(SimpleMLP) and tests.test_get_digits(get_digits):
        model, losses, accuracies = train_with_validation(TrainArgs())
        print(f"held-out digits classified correctly: {accuracies[-1]:.1%}")
        figures.training(losses, accuracies).show()


# %% [markdown] lang="zh" tags=["hint"]
# 训练和验证交替进行：谁负责把模式切回来？
# %% [markdown] lang="en" tags=["hint"]
# Training and validation take turns: who switches the mode back?
# %% [markdown] lang="zh" tags=["hint"]
# `fit` 一开头就切到 `train` 模式；所以在 `train` 的循环里加一行 `accuracy` 就够了。
# %% [markdown] lang="en" tags=["hint"]
# `fit` begins by switching to `train` mode; so one line with `accuracy` in the loop of `train` is enough.
# %% [markdown] lang="zh" tags=["question"] see="train_with_validation"
# 一个人说：“验证写在 `torch.no_grad()` 里，就不用 `model.eval()` 了。”另一个说：“调用了 `model.eval()`，就不会记梯度了。”谁说得对？
# 如果一个带 `Dropout` 的网络忘了 `model.eval()`，验证时会看到什么？
# %% [markdown] lang="en" tags=["question"] see="train_with_validation"
# One says: "Validation stands under `torch.no_grad()`, so I need no `model.eval()`." Another: "I called `model.eval()`, so no gradients are recorded." Who is right?
# And if `model.eval()` is forgotten, what does validation show of a network with `Dropout`?
# %% [markdown] lang="zh" tags=["answer"]
# 都不对，这是互不相干的两件事。
# `model.eval()` 改变某些层的行为：`Dropout` 不再丢；计算图照记。
# `torch.no_grad()` 不记计算图，省内存和时间；`Dropout` 照丢。验证时两样都要。
# 忘了 `model.eval()`，`Dropout` 仍在随机丢弃：准确率通常偏低，而且每次不同。
# %% [markdown] lang="en" tags=["answer"]
# Neither; these are two independent things.
# `model.eval()` changes how some layers behave: `Dropout` stops dropping; the graph is still recorded.
# `torch.no_grad()` keeps the graph from being recorded, which saves memory and time; `Dropout` goes on dropping. Validation wants both.
# Without `model.eval()`, `Dropout` still drops at random: accuracy is usually too low, and different each time.
# %% [markdown] lang="zh" tags=["question"] see="SimpleMLP"
# 把 64 个像素按同一个固定的顺序打乱，训练集和留出集都这样打乱，再训练 `SimpleMLP`：准确率会大跌吗？
# （下一格里，`torch.randperm(64, …)` 把 0 到 63 随机排列，`torch.Generator()` 是另一个随机数发生器，种子固定为 0，所以顺序总是相同。）
# %% [markdown] lang="en" tags=["question"] see="SimpleMLP"
# Shuffle the 64 pixels in one fixed order, the same for the training and the held-out set, and train `SimpleMLP` on that: does the accuracy drop much?
# (In the next cell `torch.randperm(64, …)` puts 0 to 63 in random order, and `torch.Generator()` is a generator of its own, always with seed 0, so the order is always the same.)
# %% [markdown] lang="zh" tags=["answer"]
# 几乎不变，运行下面一格就能看到：线性层把每个像素都当作独立的输入，换个顺序，不过是权重换个位置。
# 人却再也认不出那些图了。网络没有用到“哪些像素相邻”，这是一种浪费；下一课的卷积就从这里开始。
# %% [markdown] lang="en" tags=["answer"]
# Hardly, as the next cell shows: to a linear layer each pixel is an input of its own, and another order only moves the weights.
# Yet you could no longer read these pictures. The network makes no use of which pixels are neighbours, and that is a waste; here the next lesson begins, with convolution.
# %%
def shuffled_digits(train: bool) -> TensorDataset:
    """The digits with all pixels in another order, the same for each picture."""
    images, labels = get_digits(train).tensors
    order = torch.randperm(64, generator=torch.Generator().manual_seed(0))
    return TensorDataset(images.flatten(1)[:, order].reshape(images.shape), labels)


if __name__ == "__main__":
    if right and tests.test_SimpleMLP(SimpleMLP) and tests.test_get_digits(get_digits):
        for name, digits in (("as they are", get_digits), ("pixels shuffled", shuffled_digits)):
            args = TrainArgs(train_set=digits(True), test_set=digits(False))
            print(f"{name}: {train_with_validation(args)[2][-1]:.0%} of held-out digits are right")
        images, labels = shuffled_digits(True)[:10]
        figures.digits(images, [str(int(label)) for label in labels]).show()


# %% [markdown] lang="zh"
# ## 4 · 这些零件还会回来
#
# `Linear`、`ReLU`、`Sequential`、`TrainArgs` 和 `train_with_validation` 马上就在 `part2_resnets` 里用到，训练一个卷积网络；在 `part2_features` 里，用 `fit` 在借来的特征上训练一个新的输出层，用 `accuracy` 量整个网络的准确率。
# `SGD` 和 `Adam` 第 4 天自己写；`backward()` 第 3 天自己写；`Embedding` 和 `LayerNorm` 是 Transformer（今天的语言模型用的网络）的两块砖。
#
# 合上书，试着说出：模块登记哪几样东西；权重的起点为什么是 $1/\sqrt{n}$ 这个量级；训练的一步有哪五件事；`train` 与 `eval` 差在哪里；怎样看出过拟合。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 4 · Where these pieces come back
#
# `Linear`, `ReLU`, `Sequential`, `TrainArgs` and `train_with_validation` are used at once, in `part2_resnets`, to train a convolutional network; in `part2_features`, `fit` trains a new output layer on borrowed features, and `accuracy` measures the whole network.
# You write `SGD` and `Adam` yourself on day 4, `backward()` on day 3; `Embedding` and `LayerNorm` are two bricks of a transformer, the kind of network behind today's language models.
#
# Without looking anything up, try to say: what a module registers; why weights begin at the size of $1/\sqrt{n}$; which five things make one step of training; how `train` and `eval` differ; how to see overfitting.
# Whichever you can't say, go back to its cell.
