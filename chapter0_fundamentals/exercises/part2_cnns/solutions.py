# %% [markdown] lang="zh" order=1
# # 第 2 天 · 卷积网络与 ResNet
#
# 今天你把 `torch.nn` 写一遍：从 `ReLU` 到一个有 34 层的残差网络。
# 凡是 PyTorch 有同名模块的，你的都要与它相等：前向、反向、训练时、推理时，连参数的名字也一样。
# `float32` 与 `float64`、内存不连续的输入都要对；输入本身不许改动。
# 计算由你来写：不继承那个同名模块，也不调用同名的函数（`F.linear` 之类），除非练习说可以。
# 随机数取自 torch 的全局发生器：同样的 `torch.manual_seed`，同样的结果。
# %% [markdown] lang="en"
# # Day 2 · convolutional networks and ResNets
#
# Today you write `torch.nn` once over: from `ReLU` to a residual network of 34 layers.
# A module that has a namesake in PyTorch is to equal it: forward, backward, in training, in inference, down to the names of its parameters.
# It must be right in `float32` and in `float64`, and on an input that isn't contiguous in memory; the input itself stays unchanged.
# You write the computation: don't inherit from the namesake, and don't call the function of that name (such as `F.linear`), unless the exercise says so.
# Random numbers come from torch's global generator: the same `torch.manual_seed`, the same results.
# %%
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from part2_cnns import figures, tests
from part2_cnns.progress import progress


# %% [markdown] lang="zh"
# ## 1 · 模块
#
# 模块（module）是带着参数的函数：`__init__` 造出参数，`forward` 使用它们。
# 凡是赋给 `self` 的 `nn.Parameter` 和子模块，`nn.Module` 都会替你登记。
# %% [markdown] lang="en"
# ## 1 · Modules
#
# A module is a function that carries its parameters: `__init__` makes them, `forward` uses them.
# Whatever `nn.Parameter` or module you assign to `self`, `nn.Module` registers for you.
# %% [markdown] lang="zh"
# ### 练习 · 整流线性单元 · 10 分钟
#
# 负的变成 0（$-\infty$ 也是），正的不变。
# 恰好是 0 时梯度取 0；`NaN` 不许悄悄消失。
# %% [markdown] lang="en"
# ### Exercise · the rectified linear unit · 10 min
#
# What is negative becomes 0 ($-\infty$ too), what is positive stays.
# At exactly 0 the gradient is 0; and no `NaN` may vanish.
# %% exercise="ReLU" difficulty=1 importance=4 minutes=10
class ReLU(nn.Module):
    """`torch.nn.ReLU()`; its input stays as it is."""

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        # solution
        return torch.threshold(x, threshold=0, value=0)  # as `torch.where(x <= 0, 0, x)`, in one pass over memory


if __name__ == "__main__":
    tests.test_ReLU(ReLU)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.where` 能按条件选；`NaN` 与任何数比较都是 `False`，所以问哪一个问题有讲究。
# %% [markdown] lang="en" tags=["hint"]
# `torch.where` chooses by a condition; every comparison with `NaN` is `False`, so it matters which one you ask.
# %% [markdown] lang="zh" tags=["hint"]
# 问“是不是正的”，`NaN` 就落到 0 那一边：反过来问。
# %% [markdown] lang="en" tags=["hint"]
# If you ask "is it positive?", `NaN` ends among the zeros: ask the other way round.
# %% [markdown] lang="zh"
# ### 练习 · 线性层 · 20 分钟
#
# $y = xW^\top + b$，`weight` 的形状是 `d_out d_in`。
# 权重和偏置都从 $[-1/\sqrt{d_{in}},\ 1/\sqrt{d_{in}}]$ 里均匀地抽取：$d_{in}$ 大的时候，输出的标准差几乎不随它变化。
# %% [markdown] lang="en"
# ### Exercise · the linear layer · 20 min
#
# $y = xW^\top + b$, with `weight` of shape `d_out d_in`.
# Weights and biases are drawn uniformly from $[-1/\sqrt{d_{in}},\ 1/\sqrt{d_{in}}]$: where $d_{in}$ is large, the standard deviation of the output hardly depends on it.
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
        print(f"std of what goes in: {x.std():.2f}, of what comes out: {Linear(300, 200)(x).std():.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# `torch.empty(out_features, in_features).uniform_(-bound, bound)`，再用 `nn.Parameter` 包起来。
# %% [markdown] lang="en" tags=["hint"]
# `torch.empty(out_features, in_features).uniform_(-bound, bound)`, wrapped into an `nn.Parameter`.
# %% [markdown] lang="zh"
# ### 练习 · 展平 · 10 分钟
#
# 把从 `start_dim` 到 `end_dim`（含）的维并成一维；默认只留下批次那一维。
# %% [markdown] lang="en"
# ### Exercise · flatten · 10 min
#
# Merge the axes from `start_dim` up to and including `end_dim` into one; by default only the batch's axis is left alone.
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
# `-1 % x.ndim` 就是最后一维的正数编号；然后拼出新的形状，交给 `reshape`。
# %% [markdown] lang="en" tags=["hint"]
# `-1 % x.ndim` is the last axis counted from the front; then put the new shape together for `reshape`.
# %% [markdown] lang="zh"
# ### 练习 · 一个简单的网络 · 10 分钟
#
# 展平，线性，ReLU，线性：用你刚写的模块。
# %% [markdown] lang="en"
# ### Exercise · a simple network · 10 min
#
# Flatten, linear, ReLU, linear: out of the modules that you just wrote.
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
# 最后一层之后没有 ReLU：logits 可正可负。
# %% [markdown] lang="en" tags=["hint"]
# There is no ReLU after the last layer: logits may be negative.
# %% [markdown] lang="zh"
# ### 练习 · 一个接一个 · 20 分钟
#
# `Sequential` 让数据依次流过每个模块；它们登记在名字 `"0"`、`"1"`…… 之下。
# 还要能取、能换：`model[-1]`，`model[0] = Linear(2, 3)`；同一个模块可以放好几次。
# %% [markdown] lang="en"
# ### Exercise · one after the other · 20 min
#
# `Sequential` sends its input through each module in turn; they are registered under the names `"0"`, `"1"` and so on.
# And one can take them out and exchange them: `model[-1]`, `model[0] = Linear(2, 3)`; one module may stand in several places.
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
# `self.add_module("0", module)` 登记一个模块，`self._modules` 是登记处：一个有次序的字典。
# 普通的列表不会被登记：参数就丢了；`children()` 对重复的模块只给一次。
# %% [markdown] lang="en" tags=["hint"]
# `self.add_module("0", module)` registers a module, and `self._modules` is the register: a dictionary that keeps its order.
# A plain list isn't registered: its parameters would be lost; and `children()` gives a module only once.
# %% [markdown] lang="zh" tags=["hint"]
# `index % len(self)` 把负的下标变成正的，但也会放过越界的：先检查。
# %% [markdown] lang="en" tags=["hint"]
# `index % len(self)` makes negative indices positive, but lets pass what is out of range: check first.
# %% [markdown] lang="zh" tags=["question"] see="Sequential"
# 把模块放进 `self.layers = [a, b]`，前向照样正确。哪里会出错？
# %% [markdown] lang="en" tags=["question"] see="Sequential"
# With the modules in `self.layers = [a, b]` the forward pass is still right. What goes wrong?
# %% [markdown] lang="zh" tags=["answer"]
# 登记只看属性的值是不是 `nn.Module` 或 `nn.Parameter`，列表不是。
# 所以 `parameters()` 是空的：优化器什么也不更新；`state_dict()` 什么也不保存；`eval()` 和 `to(device)` 都到不了它们。
# %% [markdown] lang="en" tags=["answer"]
# An attribute is registered only if it is an `nn.Module` or an `nn.Parameter`, and a list is neither.
# So `parameters()` is empty: the optimiser updates nothing, `state_dict()` saves nothing, and `eval()` and `to(device)` never get there.
# %% [markdown] lang="zh"
# ### 练习 · 随机失活 · 15 分钟
#
# 训练时，每个元素各自以概率 $p$ 变成 0，其余的乘以 $1/(1-p)$，期望不变。
# 推理时什么也不做。
# %% [markdown] lang="en"
# ### Exercise · dropout · 15 min
#
# In training each element on its own becomes 0 with probability $p$, and the others are multiplied by $1/(1-p)$: the expectation stays.
# In inference it does nothing.
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
# `self.training` 由 `train()` 和 `eval()` 设定。
# `torch.rand_like(x) >= self.p` 每个元素各自为真的概率是 $1-p$。
# %% [markdown] lang="en" tags=["hint"]
# `train()` and `eval()` set `self.training`.
# `torch.rand_like(x) >= self.p` is true with probability $1-p$, for each element on its own.
# %% [markdown] lang="zh"
# ### 练习 · 嵌入 · 10 分钟
#
# 一张表，每个整数一行：`weight[x]`。
# 同一行被查了几次，它的梯度就累加几次。
# %% [markdown] lang="en"
# ### Exercise · embedding · 10 min
#
# A table with a row for each integer: `weight[x]`.
# A row looked up several times gets several gradients, summed.
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
# 用整数张量索引，得到的形状就是 `x` 的形状再加一维。
# %% [markdown] lang="en" tags=["hint"]
# Indexed by a tensor of integers, the result has the shape of `x` and one axis more.
# %% [markdown] lang="zh"
# ### 练习 · 层归一化 · 20 分钟
#
# 在最后几维（`normalized_shape`）上减去均值，除以 $\sqrt{\sigma^2 + \epsilon}$，再乘 `weight` 加 `bias`。
# 这里的方差除以 $n$，不是 $n-1$；均值有 1000 那么大时也要准：先减去均值，再平方。
# %% [markdown] lang="en"
# ### Exercise · layer normalisation · 20 min
#
# Over the last axes (`normalized_shape`) subtract the mean, divide by $\sqrt{\sigma^2 + \epsilon}$, then scale by `weight` and add `bias`.
# This variance is divided by $n$, not $n-1$; it must be exact where the mean is as large as 1000, too: first subtract it, then square.
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
# `torch.var_mean(x, dim=…, correction=0, keepdim=True)`；$\epsilon$ 在根号里面。
# %% [markdown] lang="en" tags=["hint"]
# `torch.var_mean(x, dim=…, correction=0, keepdim=True)`; $\epsilon$ stands under the root.
# %% [markdown] lang="zh"
# ## 2 · torch.nn 的梯子
#
# 同一个分类器写五遍，一级一级往上爬：原始张量，`Parameter`，`Module`，`optim`，`DataLoader`。
# 每一级都有一件事不必再自己写，而每一步的损失都一样（第一级的损失是另一种写法，差在舍入）：这些工具没有魔法。
#
# 五级的约定相同：
# 按原来的次序取批次，最后不满的一批也算，`batch_size` 也可以大于样本数。
# 损失是一批的平均，记下每一步更新之前的那个；logits 上千时也不许溢出。
# 传入的 `weight` 和 `bias` 不许改动，也不许从此要求梯度。
# %% [markdown] lang="en"
# ## 2 · The ladder of torch.nn
#
# You write one classifier five times and climb: raw tensors, `Parameter`, `Module`, `optim`, `DataLoader`.
# On each rung there is one thing less to write yourself, and all losses stay the same (the first writes its loss otherwise, and rounds otherwise): there is no magic in these tools.
#
# The rules are the same on all five:
# Take the batches in the order given, a last smaller one too; `batch_size` may be larger than the data.
# The loss is the mean over the batch: note the one before each step; logits in the thousands must not overflow.
# The `weight` and `bias` that are given stay unchanged, and must not ask for gradients afterwards.
# %% [markdown] lang="zh"
# ### 练习 · 第 1 级：原始张量 · 25 分钟
#
# 只有张量和 `backward()`：不用 `nn.Module`，也不用 `torch.optim`。
# 交叉熵（cross-entropy）自己写，不用 `F.cross_entropy`，也不用 `F.nll_loss`：$\log\sum_j e^{z_j} - z_y$，对一批取平均。
# `logsumexp` 不会溢出。
# %% [markdown] lang="en"
# ### Exercise · rung 1: raw tensors · 25 min
#
# Only tensors and `backward()`: neither `nn.Module` nor `torch.optim`.
# Write the cross-entropy yourself, without `F.cross_entropy` and `F.nll_loss`: $\log\sum_j e^{z_j} - z_y$, averaged over the batch.
# `logsumexp` doesn't overflow.
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
# 先 `weight.clone().requires_grad_()`：拷贝之后才是自己的叶子。
# `x.split(batch_size)` 给出各批，最后一批可以小一些。
# %% [markdown] lang="en" tags=["hint"]
# Begin with `weight.clone().requires_grad_()`: the copy is a leaf of your own.
# `x.split(batch_size)` gives the batches, the last one smaller if need be.
# %% [markdown] lang="zh" tags=["hint"]
# 更新不能被记进计算图（`torch.no_grad()` 或 `.data`）；更新之后把梯度清掉，否则它会累加。
# %% [markdown] lang="en" tags=["hint"]
# The update must stay out of the graph (`torch.no_grad()` or `.data`); clear the gradient after it, else it accumulates.
# %% [markdown] lang="zh"
# ### 练习 · 第 2 级：Parameter · 10 分钟
#
# `nn.Parameter` 是一个默认要求梯度的张量。
# 损失换成 `F.cross_entropy`。
# %% [markdown] lang="en"
# ### Exercise · rung 2: Parameter · 10 min
#
# An `nn.Parameter` is a tensor that asks for its gradient by default.
# The loss becomes `F.cross_entropy`.
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
# `nn.Parameter(weight)` 与 `weight` 共用内存：不拷贝，就改动了传进来的张量。
# %% [markdown] lang="en" tags=["hint"]
# `nn.Parameter(weight)` shares the memory of `weight`: without a copy you change what you were given.
# %% [markdown] lang="zh"
# ### 练习 · 第 3 级：Module · 10 分钟
#
# 参数住进模块里，`model.parameters()` 把它们一个个交出来，多少层都一样。
# %% [markdown] lang="en"
# ### Exercise · rung 3: Module · 10 min
#
# The parameters move into a module, and `model.parameters()` hands them out, however many layers there are.
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
# `model(xb)` 会调用 `forward`；`model.zero_grad()` 清掉所有参数的梯度。
# %% [markdown] lang="en" tags=["hint"]
# `model(xb)` calls `forward`; `model.zero_grad()` clears the gradients of all parameters.
# %% [markdown] lang="zh"
# ### 练习 · 第 4 级：optim · 10 分钟
#
# 更新规则住进优化器（optimizer）：`torch.optim.SGD`。
# %% [markdown] lang="en"
# ### Exercise · rung 4: optim · 10 min
#
# The rule of the update moves into an optimiser: `torch.optim.SGD`.
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
# 三句话：`zero_grad`，`backward`，`step`。
# 前两句的次序不能颠倒。
# %% [markdown] lang="en" tags=["hint"]
# Three calls: `zero_grad`, `backward`, `step`.
# The first two can't change places.
# %% [markdown] lang="zh"
# ### 练习 · fit · 10 分钟
#
# 梯子的循环单独成为一个函数：从此任何模型、任何数据、任何优化器都用它。
# `loader` 每一轮都从头交出 `(images, labels)` 这样的批次；`losses` 里是每一步更新之前的损失。
# %% [markdown] lang="en"
# ### Exercise · fit · 10 min
#
# The ladder's loop becomes a function of its own: from now on it serves any model, any data, any optimiser.
# In each epoch `loader` hands out its batches `(images, labels)` from the first to the last; `losses` has each loss from before its step.
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
# 先 `model.train()`；循环里面与第 4 级的三句话相同，`loss.item()` 是一个数。
# %% [markdown] lang="en" tags=["hint"]
# First `model.train()`; inside stand the three calls of rung 4, and `loss.item()` is a number.
# %% [markdown] lang="zh"
# ### 练习 · 第 5 级：DataLoader · 5 分钟
#
# `DataLoader` 分批，`fit` 训练。
# %% [markdown] lang="en"
# ### Exercise · rung 5: DataLoader · 5 min
#
# A `DataLoader` makes the batches, and `fit` trains.
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
# `DataLoader(TensorDataset(x, y), batch_size)` 默认不打乱，也不丢掉最后一批。
# %% [markdown] lang="en" tags=["hint"]
# `DataLoader(TensorDataset(x, y), batch_size)` neither shuffles nor drops the last batch unless told to.
# %%
if __name__ == "__main__":
    right = tests.test_rung_1(rung_1) and tests.test_rung_2(rung_2) and tests.test_rung_3(rung_3)
    if right and tests.test_rung_4(rung_4) and tests.test_rung_5(rung_5):
        pixels, labels = (torch.tensor(array) for array in load_digits(return_X_y=True))
        start = pixels.float() / 16, labels.long(), torch.randn(10, 64) / 8, torch.zeros(10)
        ladder = torch.stack([rung(*start, 0.5, 64, 3) for rung in (rung_1, rung_2, rung_3, rung_4, rung_5)])
        differences = ", ".join(f"{d:.0e}" for d in (ladder - ladder[-1]).abs().amax(dim=1))
        print(f"largest difference of each rung to the last, over {ladder.shape[1]} steps: {differences}")
        figures.ladder(ladder[:, :23]).show()  # the first epoch


# %% [markdown] lang="zh"
# ## 3 · 训练
# %% [markdown] lang="en"
# ## 3 · Training
# %% [markdown] lang="zh"
# ### 练习 · 手写数字 · 10 分钟
#
# scikit-learn 自带 1,797 张 8×8 的手写数字，像素值从 0 到 16：`load_digits(return_X_y=True)` 给出像素和标签两个数组。
# 下标是 5 的倍数的留作测试，其余的用来训练。
# 想用 MNIST？有网络时，`from part2_cnns import data` 之后 `data.mnist(train)` 给出同样的形式。
# %% [markdown] lang="en"
# ### Exercise · handwritten digits · 10 min
#
# scikit-learn brings 1,797 handwritten digits of 8×8 pixels with values from 0 to 16: `load_digits(return_X_y=True)` gives two arrays, pixels and labels.
# Those whose index is a multiple of 5 are kept for testing, the others are for training.
# You would rather have MNIST? With a network, `data.mnist(train)` gives it in the same form, after `from part2_cnns import data`.
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
# `torch.arange(len(images)) % 5 == 0` 是一个布尔掩码；`~` 是它的反面。
# %% [markdown] lang="en" tags=["hint"]
# `torch.arange(len(images)) % 5 == 0` is a boolean mask, and `~` is its opposite.
# %% [markdown] lang="zh"
# 训练要定的一切都放进一个 dataclass：这些就是超参数（hyperparameter）。
# %% [markdown] lang="en"
# All that you decide about a training goes into one dataclass: these are the hyperparameters.
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
# 先 `torch.manual_seed(args.seed)`，再造模型；用 Adam，每一轮（epoch）都重新打乱次序，最后不满的一批也要用。
# 训练时模型在 `train` 模式；`args.train_set` 可以是任何 `Dataset`。
# `progress(range(args.epochs))` 会画出进度条。
# %% [markdown] lang="en"
# ### Exercise · train · 20 min
#
# First `torch.manual_seed(args.seed)`, then make the model; use Adam, shuffle anew in each epoch, and use a last smaller batch too.
# While it trains, the model is in `train` mode; `args.train_set` may be any `Dataset`.
# `progress(range(args.epochs))` draws a progress bar.
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
# 你已经写过 `fit`：用 `epochs=1` 调用它，循环外面套上 `progress`。
# %% [markdown] lang="en" tags=["hint"]
# You have written `fit`: call it with `epochs=1`, in a loop over `progress`.
# %% [markdown] lang="zh"
# ### 练习 · 准确率 · 10 分钟
#
# 损失下降，不等于学会了：要在没见过的图片上算一次准确率。
# 用 `eval` 模式，不求梯度，分批来算；`data` 可以是任何 `Dataset`，之后模型停在哪个模式都行。
# %% [markdown] lang="en"
# ### Exercise · accuracy · 10 min
#
# A falling loss doesn't mean that anything was learned: take the accuracy on images that the model never saw.
# For this, `eval` mode, no gradients, and batches; `data` may be any `Dataset`, and the model may end in either mode.
# %% exercise="accuracy" difficulty=2 importance=4 minutes=10
def accuracy(model: nn.Module, data: Dataset) -> float:
    """The share of `data` that `model`, in eval mode, classifies rightly."""
    # solution
    model.eval()
    with torch.inference_mode():
        right = [(model(images).argmax(dim=-1) == labels) for images, labels in DataLoader(data, batch_size=256)]
    return torch.cat(right).float().mean().item()


if __name__ == "__main__":
    tests.test_accuracy(accuracy)


# %% [markdown] lang="zh" tags=["hint"]
# 最后一批比较小：把每张图的对错收在一起再平均，不要平均各批的准确率。
# %% [markdown] lang="en" tags=["hint"]
# The last batch is smaller: collect right and wrong for each image, then average; don't average the batches' accuracies.
# %% [markdown] lang="zh"
# ### 练习 · 边训练边检验 · 10 分钟
#
# 与 `train` 相同，只是每一轮之后在 `args.test_set` 上算一次准确率，同样用 `eval` 模式，不求梯度。
# %% [markdown] lang="en"
# ### Exercise · train with validation · 10 min
#
# As `train`, with the accuracy on `args.test_set` after each epoch, again in `eval` mode and without gradients.
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
        print(f"held-out digits classified rightly: {accuracies[-1]:.1%}")
        figures.training(losses, accuracies).show()


# %% [markdown] lang="zh" tags=["hint"]
# `model.eval()` 之后，下一轮训练之前要有 `model.train()`；`fit` 里已经有了。
# %% [markdown] lang="en" tags=["hint"]
# After `model.eval()` there must be a `model.train()` before the next epoch; `fit` has one.
# %% [markdown] lang="zh" tags=["question"] see="train_with_validation"
# 如果检验时忘了 `model.eval()`，一个带 `Dropout` 和 `BatchNorm2d` 的网络会怎样？
# %% [markdown] lang="en" tags=["question"] see="train_with_validation"
# If `model.eval()` is forgotten in validation, what happens to a network with `Dropout` and `BatchNorm2d`?
# %% [markdown] lang="zh" tags=["answer"]
# `Dropout` 仍在随机丢弃，准确率偏低，而且每次不同。
# `BatchNorm2d` 用这一批的统计量，于是一张图的预测取决于同批的其他图；更糟的是，它的运行统计量学到了测试数据。
# %% [markdown] lang="en" tags=["answer"]
# `Dropout` still drops at random: the accuracy comes out too low, and different each time.
# `BatchNorm2d` uses the batch's statistics, so what is predicted of one image depends on the others; worse, its running statistics learn from the test data.
