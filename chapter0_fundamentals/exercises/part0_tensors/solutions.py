# %% [markdown] lang="zh" order=3
# # 第 0 天 · 张量：NumPy 与 PyTorch
#
# 先弄清七个问题：张量是什么，参数、梯度、损失、优化器、超参数各是什么、各在哪里。
# 然后分辨 NumPy 与 PyTorch 的二十一处不同，学会索引，算出不会溢出的 softmax，并把形状写进函数的签名。
#
# 除非练习另有说明，函数不改动传给它的张量；结果的 dtype 与输入相同：输入 float64，返回的也是 float64。
# 怎样写都可以，PyTorch 自带的函数也可以用；练习规定了写法的，照练习的来。
#
# 卡住了就运行 `coach hint flat_position`；`coach questions` 会提出自测题，再给出我们的答案。
# %% [markdown] lang="en"
# # Day 0 · tensors: NumPy and PyTorch
#
# Seven questions come first: what tensors, parameters, gradients, losses, optimisers and hyperparameters are, and where they live.
# Then you tell NumPy from PyTorch in twenty-one places, learn to index, compute a softmax that never overflows, and write shapes into signatures.
#
# Unless an exercise says otherwise, a function leaves the tensors it is given unchanged, and its result has the dtype of its input: float64 in, float64 out.
# Any way of writing it will do, PyTorch's own functions included, except where an exercise names the way.
#
# If you are stuck, run `coach hint flat_position`; `coach questions` asks the self-check and then shows our answers.
# %%
from typing import Any

import numpy as np
import torch
from beartype import beartype
from jaxtyping import Bool, Float, Int, jaxtyped
from torch import Tensor, nn

from part0_tensors import figures, tests

# %% [markdown] lang="zh"
# ## 1 · 七个问题
# %% [markdown] lang="en"
# ## 1 · Seven questions
# %% [markdown] lang="zh" tags=["question"] see="flat_position"
# `torch.Tensor` 是什么？
# %% [markdown] lang="en" tags=["question"] see="flat_position"
# What is a `torch.Tensor`?
# %% [markdown] lang="zh" tags=["answer"]
# 一块内存，加上读它的方法：形状（shape）、步长（stride）、偏移量（offset），以及元素类型（dtype）和所在设备（device）。
# 所有元素类型相同；几个张量可以用不同的方法读同一块内存。
# 它还可以记住自己是怎样算出来的（`requires_grad`、`grad_fn`），于是能求导：这是 NumPy 数组没有的。
# %% [markdown] lang="en" tags=["answer"]
# A block of memory and a way of reading it: shape, strides, where to start, the type of its elements (dtype) and the device.
# All elements have one type; several tensors may read one block in different ways.
# It can also remember how it was computed (`requires_grad`, `grad_fn`), and so be differentiated: a NumPy array can't.
# %%
if __name__ == "__main__":
    x = torch.arange(6.0).reshape(2, 3)
    for y in (x, x.T, x[:, 1:]):
        print(y.tolist(), "shape", tuple(y.shape), "stride", y.stride(), "offset", y.storage_offset())
    print(x.dtype, x.device, "requires_grad:", x.requires_grad, "block:", x.T.untyped_storage().nbytes(), "bytes")


# %% [markdown] lang="zh"
# ### 练习 · 元素在哪里 · 10 分钟
#
# 内存是一维的。
# 下标（index）每走一步，地址就走一个步长；张量的第一个元素在偏移量（offset）处。
# 从这块内存的开头数起，元素在第几个位置？
# %% [markdown] lang="en"
# ### Exercise · where an element is · 10 min
#
# Memory has one dimension.
# Each step of an index walks one stride; the first element of the tensor is at the offset.
# Counted from the start of the block, at which position is the element?
# %% exercise="flat_position" difficulty=2 importance=3 minutes=10
def flat_position(index: tuple[int, ...], stride: tuple[int, ...], offset: int) -> int:
    """The position in the block of memory of the element at `index` of a tensor with that stride and offset.

    Works for any number of axes; a tensor without axes has one element, and the index `()`.
    """
    # solution
    return offset + sum(i * step for i, step in zip(index, stride, strict=True))


if __name__ == "__main__":
    tests.test_flat_position(flat_position)

# %% [markdown] lang="zh" tags=["hint"]
# 每个轴贡献“下标 × 步长”，全部加起来；别忘了偏移量。
# %% [markdown] lang="en" tags=["hint"]
# Each axis contributes index times stride; add them all, and remember the offset.
# %% [markdown] lang="zh" tags=["question"] see="ScaleShift"
# `nn.Parameter` 和 `nn.Module` 是什么？
# %% [markdown] lang="en" tags=["question"] see="ScaleShift"
# What are `nn.Parameter` and `nn.Module`?
# %% [markdown] lang="zh" tags=["answer"]
# `nn.Parameter` 是一个张量，默认要求梯度；把它赋给模块的属性，它就自动登记为可训练的参数。
# `nn.Module` 把参数、缓冲区（buffer）和子模块收在一起：`parameters()` 交给优化器，`state_dict()` 用来保存，`.to(…)` 整个搬走，调用它就运行 `forward`。
# 普通张量当属性不会登记：优化器看不见它，保存时也会丢。
# %% [markdown] lang="en" tags=["answer"]
# An `nn.Parameter` is a tensor that requires gradients by default; given to a module as an attribute, it is registered as trainable.
# An `nn.Module` keeps parameters, buffers and submodules together: `parameters()` feeds the optimiser, `state_dict()` saves, `.to(…)` moves all of it, and a call runs `forward`.
# A plain tensor as an attribute isn't registered: no optimiser sees it, and it is lost on saving.
# %%
if __name__ == "__main__":
    linear = nn.Linear(3, 2)
    print({name: tuple(p.shape) for name, p in linear.named_parameters()})
    linear.secret = torch.ones(5)  # type: ignore[assignment]
    print("a plain tensor is registered:", "secret" in linear.state_dict())


# %% [markdown] lang="zh"
# ### 练习 · 第一个模块 · 15 分钟
#
# 每个特征先乘以自己的 `scale`，再加上自己的 `shift`；两者都要能训练，开始时什么也不改变。
# `__init__` 先调用 `super().__init__()`：模块这才有登记参数的地方。
# %% [markdown] lang="en"
# ### Exercise · a first module · 15 min
#
# Each feature is multiplied by a `scale` of its own, then its `shift` is added; both can be trained, and at first they change nothing.
# `__init__` first calls `super().__init__()`: only then has the module a place to register parameters.
# %% exercise="ScaleShift" difficulty=2 importance=5 minutes=15
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
# 用 `nn.Parameter` 包住张量，再赋给 `self.scale` 和 `self.shift`；形状 `(d,)` 会沿着最后一个轴广播。
# %% [markdown] lang="en" tags=["hint"]
# Wrap each tensor in `nn.Parameter` and assign it to `self.scale` and `self.shift`; a shape of `(d,)` broadcasts along the last axis.
# %% [markdown] lang="zh" tags=["question"] see="predict_gradients"
# 调用 `.backward()` 之后，梯度在哪里？再调用一次呢？
# %% [markdown] lang="en" tags=["question"] see="predict_gradients"
# Where are the gradients after `.backward()`? And after a second one?
# %% [markdown] lang="zh" tags=["answer"]
# 在要求梯度的叶子张量（leaf）的 `.grad` 里，形状与张量相同；叶子是你自己造的张量，例如参数，不是算出来的。
# 中间结果的梯度用完就扔，除非先调用 `retain_grad()`。
# 再来一次 `.backward()`，新的梯度会加到旧的上面，所以每一步训练都要先清零。
# %% [markdown] lang="en" tags=["answer"]
# In `.grad` of the leaf tensors that require them, in the tensor's shape; a leaf is one you made, such as a parameter, not one that was computed.
# The gradients of results in between are dropped after use, unless `retain_grad()` was called before.
# Another `.backward()` adds the new gradients to the old, so every training step begins with clearing them.
# %%
if __name__ == "__main__":
    w = torch.tensor(2.0, requires_grad=True)
    for _ in range(3):
        (w**2).backward()
        print("is a leaf:", w.is_leaf, "gradient:", w.grad)

# %% [markdown] lang="zh"
# ### 练习 · 预测梯度 · 10 分钟
#
# 先读 `STORY`，再写出每个 `.grad` 是什么：一个列表，或者 `None`。
# 写完再运行 `STORY` 核对。
# %% [markdown] lang="en"
# ### Exercise · predict the gradients · 10 min
#
# Read `STORY`, then write what each `.grad` is: a list, or `None`.
# After that run `STORY` and compare.
# %% exercise="predict_gradients" difficulty=2 importance=5 minutes=10
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
# 三个问题：它是叶子吗？它要求梯度吗？以前的梯度清掉了吗？
# %% [markdown] lang="en" tags=["hint"]
# Three questions: is it a leaf, does it require gradients, and have earlier ones been cleared?
# %% [markdown] lang="zh" tags=["hint"]
# 清零有两种做法：把 `.grad` 填成 0，或者拿掉它；`zero_grad` 的参数 `set_to_none` 默认是哪一种？
# %% [markdown] lang="en" tags=["hint"]
# There are two ways to clear: fill `.grad` with 0, or take it away; which one is the default of `set_to_none` in `zero_grad`?
# %% [markdown] lang="zh" tags=["question"] see="batched_cross_entropy_loss"
# 损失函数是什么？它接受什么，返回什么？
# %% [markdown] lang="en" tags=["question"] see="batched_cross_entropy_loss"
# What is a loss function: what does it take, and what does it return?
# %% [markdown] lang="zh" tags=["answer"]
# 它接受模型的预测和正确的答案（有时还有参数，例如正则项），返回一个数：越小越好。
# 要能对预测求导，优化器才知道往哪里走；批次里每个样本的损失通常取平均，得到一个标量，才能直接 `.backward()`。
# 准确率不行：它几乎处处是平的，梯度为零。
# %% [markdown] lang="en" tags=["answer"]
# It takes the model's predictions and the right answers (at times parameters too, to regularise), and returns one number: the lower, the better.
# It must be differentiable with respect to the predictions, or the optimiser can't know where to go; the losses of a batch are usually averaged to one scalar, which `.backward()` needs.
# Accuracy won't do: it is flat almost everywhere, with gradient zero.
# %%
if __name__ == "__main__":
    logits, labels = torch.tensor([[2.0, 0, -1], [0, 0, 3]], requires_grad=True), torch.tensor([0, 1])
    print("one loss per example:", nn.functional.cross_entropy(logits, labels, reduction="none").detach())
    print("one number:", nn.functional.cross_entropy(logits, labels).detach())

# %% [markdown] lang="zh" tags=["question"] see="sgd_step"
# 优化器做什么？不做什么？
# %% [markdown] lang="en" tags=["question"] see="sgd_step"
# What does an optimiser do, and what doesn't it?
# %% [markdown] lang="zh" tags=["answer"]
# 它手里有参数，读每个参数的 `.grad`，就地更新参数（有的还记住以前的梯度，例如动量）：`step()`。
# `zero_grad()` 把梯度清掉，留给下一步。
# 它不算梯度（那是 `.backward()`），也不看数据和损失。
# %% [markdown] lang="en" tags=["answer"]
# It holds the parameters, reads the `.grad` of each, and changes them in place by `step()`; some also keep past gradients (momentum, for instance).
# `zero_grad()` clears gradients for the next step.
# It computes no gradients (`.backward()` does), and sees neither data nor loss.
# %%
if __name__ == "__main__":
    w = nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        loss = (w**2).sum()
        loss.backward()
        optimizer.step()
        print(f"loss {loss.item():.3f}, then w = {[round(x, 3) for x in w.tolist()]}")


# %% [markdown] lang="zh"
# ### 练习 · 走一步 · 15 分钟
#
# 就地更新，不让这一步进入计算图；没有梯度的参数保持原样，梯度不改动，也不清零。
# 不用 `torch.optim`：自己写。
# %% [markdown] lang="en"
# ### Exercise · one step · 15 min
#
# Update in place, with no trace of it in the graph; a parameter without a gradient stays as it is, and no gradient is changed or cleared.
# Write it without `torch.optim`.
# %% exercise="sgd_step" difficulty=3 importance=5 minutes=15
def sgd_step(params: list[Tensor], lr: float) -> None:
    """Subtracts `lr` times its gradient from each parameter that has one, in place; returns nothing.

    In place means in the memory it has: a view of the parameter changes with it, and the list stays as it is.
    """
    # solution
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad


if __name__ == "__main__":
    tests.test_sgd_step(sgd_step)

# %% [markdown] lang="zh" tags=["hint"]
# `p -= …` 就地修改；`p = p - …` 只是让名字 `p` 指向一个新张量。
# %% [markdown] lang="en" tags=["hint"]
# `p -= …` changes it in place; `p = p - …` only lets the name `p` mean a new tensor.
# %% [markdown] lang="zh" tags=["hint"]
# 要求梯度的叶子不许就地修改，除非在 `with torch.no_grad():` 里。
# %% [markdown] lang="en" tags=["hint"]
# A leaf that requires gradients may not be changed in place, except within `with torch.no_grad():`.
# %% [markdown] lang="zh" tags=["question"] see="parameter_or_hyperparameter"
# 超参数（hyperparameter）是什么？与参数有什么不同？
# %% [markdown] lang="en" tags=["question"] see="parameter_or_hyperparameter"
# What is a hyperparameter, and how is it unlike a parameter?
# %% [markdown] lang="zh" tags=["answer"]
# 参数由训练决定：梯度下降改动它们。
# 超参数由你在训练之前选定，训练本身不改动它们；它们决定模型长什么样、怎样训练。
# 选超参数要看验证集上的结果，不看训练损失，也不看测试集。
# %% [markdown] lang="en" tags=["answer"]
# Parameters are found by training: gradient descent changes them.
# Hyperparameters you choose before it, and training leaves them alone; they fix what the model looks like and how it is trained.
# Choose them by results on a validation set, neither by the training loss nor on the test set.
# %% [markdown] lang="zh" tags=["question"] see="parameter_or_hyperparameter"
# 举出五个超参数，以及一个既不是参数也不是超参数的量。
# %% [markdown] lang="en" tags=["question"] see="parameter_or_hyperparameter"
# Name five hyperparameters, and one quantity that is neither.
# %% [markdown] lang="zh" tags=["answer"]
# 学习率、批次大小、层数、每层的宽度、dropout 的概率、权重衰减、训练几轮、用哪个优化器。
# 两者都不是：训练数据；BatchNorm 的滑动平均（它是缓冲区，随数据更新，没有梯度）；损失值。
# %% [markdown] lang="en" tags=["answer"]
# Learning rate, batch size, number of layers, width of a layer, probability of dropout, weight decay, number of epochs, choice of optimiser.
# Neither: the training data; the running mean of BatchNorm (a buffer, updated by data, without gradient); the value of the loss.
# %%
if __name__ == "__main__":
    for width, lr in ((4, 0.1), (64, 0.001)):  # chosen by you; what is in `model.parameters()` is found by training
        model = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1))
        print("hyperparameters", (width, lr), "parameters", sum(p.numel() for p in model.parameters()))

# %% [markdown] lang="zh"
# ### 练习 · 归类 · 5 分钟
#
# 每一项写 `"parameter"`、`"hyperparameter"` 或 `"neither"`。
# %% [markdown] lang="en"
# ### Exercise · sort them · 5 min
#
# Write `"parameter"`, `"hyperparameter"` or `"neither"` for each.
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
# %% [markdown] lang="zh"
# ## 2 · 相似而不相同
#
# PyTorch 借用了 NumPy 的许多名字，却没有借用全部含义。
# 下面二十一处，每一处是两个表达式，左边 NumPy，右边 PyTorch。
# 先预测，再测试：测试会真的运行它们。
# 每一项写一个元组：先左边的结果，后右边的结果；张量写成列表，报错就写错误的名字，例如 `"TypeError"`。
# %% [markdown] lang="en"
# ## 2 · Alike, yet not the same
#
# PyTorch borrowed many of NumPy's names, and not all of their meanings.
# Here are twenty-one places, each as two expressions, NumPy's on the left and PyTorch's on the right.
# Predict first, then test: the test really runs them.
# Write a tuple for each, first the left result, then the right one; a tensor as a list, an error by its name, such as `"TypeError"`.
# %% [markdown] lang="zh"
# ### 练习 · 元素的类型 · 10 分钟
#
# dtype 写成字符串，例如 `"int64"`；`"torch.int64"` 也可以。
# %% [markdown] lang="en"
# ### Exercise · types of elements · 10 min
#
# Write a dtype as a string, such as `"int64"`; `"torch.int64"` will do as well.
# %% exercise="predict_dtypes" difficulty=2 importance=4 minutes=10
DTYPES = {
    "floats": ("np.array([1.5]).dtype", "torch.tensor([1.5]).dtype"),
    "quotient": ("(np.array([1]) / 2).dtype", "(torch.tensor([1]) / 2).dtype"),
    "mixed": ("(np.arange(2) + np.ones(2, np.float32)).dtype", "(torch.arange(2) + torch.ones(2)).dtype"),
    "crossing": ("torch.ones(2).numpy().dtype", "torch.from_numpy(np.ones(2)).dtype"),
    "mean": ("np.array([1, 2]).mean()", "torch.tensor([1, 2]).mean()"),
}


def predict_dtypes() -> dict[str, Any]:
    """For each of DTYPES what the two expressions give: a dtype, a number or an error, NumPy's first."""
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
# PyTorch 的默认浮点类型是 `torch.get_default_dtype()`；在两个世界之间来回时，类型不变。
# %% [markdown] lang="en" tags=["hint"]
# PyTorch's default for floats is `torch.get_default_dtype()`; crossing from one world to the other keeps the type.
# %% [markdown] lang="zh" tags=["hint"]
# 整数张量与浮点张量相加，PyTorch 取浮点那一方的类型；整数没有平均，要先说明用哪种浮点数。
# %% [markdown] lang="en" tags=["hint"]
# Integers plus floats have the type of the floats in PyTorch; integers have no mean there until you say in which floats.
# %% [markdown] lang="zh"
# ### 练习 · 同名不同数 · 10 分钟
#
# 这里 `a = np.array([1.0, 3.0])`，`x = torch.tensor(a)`。
# %% [markdown] lang="en"
# ### Exercise · one name, two numbers · 10 min
#
# Here `a = np.array([1.0, 3.0])` and `x = torch.tensor(a)`.
# %% exercise="predict_numbers" difficulty=3 importance=5 minutes=10
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
# 一个除以 $n$，一个除以 $n - 1$；一个取中间两数的平均，一个取较小的那个。
# %% [markdown] lang="en" tags=["hint"]
# One divides by $n$, the other by $n - 1$; one averages the two in the middle, the other takes the smaller.
# %% [markdown] lang="zh" tags=["hint"]
# `np.repeat` 重复每个元素，`np.tile` 才重复整体；`split` 的 `2`，是几段，还是每段几个？
# %% [markdown] lang="en" tags=["hint"]
# `np.repeat` repeats each element, `np.tile` the whole; and is the `2` of `split` how many pieces, or how many in each?
# %% [markdown] lang="zh"
# ### 练习 · 调用与结果 · 15 分钟
#
# 这里 `n = np.array([[1, 2], [3, 4]])`，`t = torch.tensor(n)`。
# %% [markdown] lang="en"
# ### Exercise · calls and results · 15 min
#
# Here `n = np.array([[1, 2], [3, 4]])` and `t = torch.tensor(n)`.
# %% exercise="predict_calls" difficulty=3 importance=5 minutes=15
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
# PyTorch 听得懂 `axis`，NumPy 听不懂 `dim`；给了 `dim` 的 `max` 和 `sort` 都返回两样东西：值和下标。
# %% [markdown] lang="en" tags=["hint"]
# PyTorch understands `axis`, NumPy doesn't know `dim`; `max` with `dim`, and `sort`, return two things: values and indices.
# %% [markdown] lang="zh" tags=["hint"]
# 没说沿哪个轴时，NumPy 多半先展平；PyTorch 有的函数也这样，有的非要 `dim` 不可。
# NumPy 的 `nonzero` 每个轴给一个数组，PyTorch 的每个元素给一行。
# %% [markdown] lang="en" tags=["hint"]
# Without an axis, NumPy mostly flattens first; in PyTorch some functions do the same, and some insist on `dim`.
# NumPy's `nonzero` gives one array per axis, PyTorch's one row per element.
# %% [markdown] lang="zh"
# ### 练习 · 谁跟着变 · 15 分钟
#
# 这里 `a = np.arange(4.0)`，`x = torch.arange(4.0)`。
# 先得到结果，再执行 `a += 1` 和 `x += 1`：结果跟着变，就写 `True`，否则写 `False`。
# %% [markdown] lang="en"
# ### Exercise · what follows · 15 min
#
# Here `a = np.arange(4.0)` and `x = torch.arange(4.0)`.
# After the result is made come `a += 1` and `x += 1`: write `True` if the result follows, else `False`.
# %% exercise="predict_memory" difficulty=3 importance=5 minutes=15
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
# NumPy 的步长可以是负数，PyTorch 的不可以；所以倒着读，在 PyTorch 里必须拷贝。
# %% [markdown] lang="en" tags=["hint"]
# NumPy's strides may be negative, PyTorch's may not; so in PyTorch reading backwards needs a copy.
# %% [markdown] lang="zh" tags=["hint"]
# `a[0]` 是一个独立的数，`x[0]` 是零维张量，也就是视图；`astype` 总是拷贝，`to` 只在需要时才拷贝。
# %% [markdown] lang="en" tags=["hint"]
# `a[0]` is a number by itself, `x[0]` a tensor without axes, a view; `astype` always copies, `to` only if it must.
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
# %% [markdown] lang="zh"
# ### 练习 · 搬到 PyTorch：汇总 · 15 分钟
#
# 用 PyTorch 重写 `numpy_summary`，不借助 NumPy，结果要一样：`d` 是奇数也好，偶数也好，数值离 0 很远也好。
# %% [markdown] lang="en"
# ### Exercise · moved to PyTorch: a summary · 15 min
#
# Write `numpy_summary` in PyTorch, without NumPy, to the same result: for odd and even `d`, and for values far from 0.
# %% exercise="port_summary" difficulty=3 importance=4 minutes=15
def numpy_summary(a: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n 3"]:
    """Maximum, standard deviation and median of each row."""
    return np.stack([a.max(axis=1), a.std(axis=1), np.median(a, axis=1)], axis=1)


def port_summary(x: Float[Tensor, "n d"]) -> Float[Tensor, "n 3"]:
    """What `numpy_summary` returns."""
    # solution
    return torch.stack([x.amax(dim=1), x.std(dim=1, correction=0), x.quantile(0.5, dim=1)], dim=1)


if __name__ == "__main__":
    tests.test_port_summary(port_summary)


# %% [markdown] lang="zh" tags=["hint"]
# 三处都有陷阱：给了 `dim` 的 `max` 返回两样东西；标准差除以 $n$ 还是 $n - 1$；偶数个数的中位数取哪一个。
# %% [markdown] lang="en" tags=["hint"]
# There is a trap in each of the three: `max` with `dim` returns two things; a deviation divides by $n$ or by $n - 1$; and which is the median of an even number of values?
# %% [markdown] lang="zh" tags=["hint"]
# 看看 `amax`、`std` 的 `correction`，还有 `quantile`：中位数就是 0.5 分位数。
# %% [markdown] lang="en" tags=["hint"]
# Look up `amax`, the `correction` of `std`, and `quantile`: a median is the quantile at 0.5.
# %% [markdown] lang="zh"
# ### 练习 · 搬到 PyTorch：镜像 · 10 分钟
#
# 用 PyTorch 重写 `numpy_mirror`，不借助 NumPy。
# %% [markdown] lang="en"
# ### Exercise · moved to PyTorch: a mirror · 10 min
#
# Write `numpy_mirror` in PyTorch, without NumPy.
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
# ## 3 · 行、抽样与索引
# %% [markdown] lang="en"
# ## 3 · Rows, samples and indexing
# %% [markdown] lang="zh"
# ### 练习 · 单位长度的行 · 10 分钟
#
# 每一行除以自己的长度；全是 0 的行没有方向，保持为 0，不要变成 NaN。
# 很短的行也要除到长度 1，例如长度只有 `1e-7` 的行。
# %% [markdown] lang="en"
# ### Exercise · rows of unit length · 10 min
#
# Divide each row by its length; a row of zeros has no direction, and stays zero rather than NaN.
# A very short row gets length 1 as well, even one of length `1e-7`.
# %% exercise="normalize_rows" difficulty=2 importance=4 minutes=10
def normalize_rows(matrix: Float[Tensor, "m n"]) -> Float[Tensor, "m n"]:
    """Each row over its Euclidean length; rows of zeros as they are.

    Entries are 0, or of a size whose square neither overflows nor underflows.
    """
    # solution
    length = matrix.norm(dim=1, keepdim=True)
    return matrix / torch.where(length == 0, 1, length)


if __name__ == "__main__":
    tests.test_normalize_rows(normalize_rows)


# %% [markdown] lang="zh" tags=["hint"]
# `matrix.norm(dim=1, keepdim=True)` 的形状是 `m 1`，正好可以广播；`dim` 说的是消失的那个轴。
# %% [markdown] lang="en" tags=["hint"]
# `matrix.norm(dim=1, keepdim=True)` has shape `m 1` and broadcasts; `dim` names the axis that goes away.
# %% [markdown] lang="zh"
# ### 练习 · 余弦相似度 · 10 分钟
#
# 两行夹角的余弦：单位长度的行两两求内积。
# %% [markdown] lang="en"
# ### Exercise · cosine similarity · 10 min
#
# The cosine of the angle between two rows: the inner product of rows of unit length, for all pairs.
# %% exercise="cos_sim_matrix" difficulty=2 importance=4 minutes=10
def cos_sim_matrix(matrix: Float[Tensor, "m n"]) -> Float[Tensor, "m m"]:
    """The cosine similarity of each row with each row, however short; 0 with a row of zeros."""
    # solution
    rows = normalize_rows(matrix)
    return rows @ rows.T


if __name__ == "__main__":
    if tests.test_cos_sim_matrix(cos_sim_matrix):
        from sklearn.datasets import load_digits

        images, labels = (torch.tensor(values[:50]) for values in load_digits(return_X_y=True))
        labels, order = labels.sort(stable=True)
        figures.similarity(cos_sim_matrix(images[order].float()), labels).show()


# %% [markdown] lang="zh" tags=["hint"]
# 先用 `normalize_rows`，再与自己的转置相乘。
# %% [markdown] lang="en" tags=["hint"]
# Apply `normalize_rows` first, then multiply by its own transpose.
# %% [markdown] lang="zh"
# ### 练习 · 按概率抽样 · 20 分钟
#
# 抽 `n` 次，每次互不相干；第 i 类出现的概率是 `probs[i]`，所以各类的个数每次调用也不一样。
# 一个 0 到 1 之间的随机数落在哪一段，就抽中哪一类。
# %% [markdown] lang="en"
# ### Exercise · draw by probability · 20 min
#
# Draw `n` times, each by itself; category i has probability `probs[i]`, so the counts, too, differ from call to call.
# A random number from 0 to 1 falls into one of the pieces, and that is the category.
# %% exercise="sample_distribution" difficulty=3 importance=4 minutes=20
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
# `probs.cumsum(dim=0)` 给出各段的右端；随机数越过了几个右端，就是第几类。
# %% [markdown] lang="en" tags=["hint"]
# `probs.cumsum(dim=0)` gives the right ends of the pieces; the category is how many of them the random number has passed.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.rand(n, 1)` 与右端比较，得到 `n k` 个真假值，按行求和；也可以用 `torch.multinomial`，记得放回。
# %% [markdown] lang="en" tags=["hint"]
# Compare `torch.rand(n, 1)` with the ends: `n k` truth values, summed by row; or use `torch.multinomial`, with replacement.
# %% [markdown] lang="zh"
# ### 练习 · 准确率 · 5 分钟
#
# 分数最高的类就是预测；返回零维的 float32 张量。
# %% [markdown] lang="en"
# ### Exercise · accuracy · 5 min
#
# The class with the highest score is the prediction; return a float32 tensor without axes.
# %% exercise="classifier_accuracy" difficulty=1 importance=4 minutes=5
def classifier_accuracy(scores: Float[Tensor, "batch k"], true_classes: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
    """The share of predictions that are right, in float32."""
    # solution
    return (scores.argmax(dim=1) == true_classes).float().mean()


if __name__ == "__main__":
    tests.test_classifier_accuracy(classifier_accuracy)


# %% [markdown] lang="zh" tags=["hint"]
# `argmax(dim=1)` 在每一行里找；布尔值要先变成浮点数，才能求平均。
# %% [markdown] lang="en" tags=["hint"]
# `argmax(dim=1)` looks along each row; truth values must become floats before they have a mean.
# %% [markdown] lang="zh"
# ### 练习 · 总价，用索引 · 5 分钟
#
# `items` 是买了哪些商品的编号，从 0 数起，同一件可以买几次；什么也没买，就是 0。
# 返回 Python 的数，不是张量。
# %% [markdown] lang="en"
# ### Exercise · the total, by indexing · 5 min
#
# `items` are the numbers of what was bought, counted from 0; one thing may be bought several times, and the total of nothing is 0.
# Return a Python number, not a tensor.
# %% exercise="total_price_indexing" difficulty=1 importance=3 minutes=5
def total_price_indexing(prices: Float[Tensor, " k"], items: Int[Tensor, " n"]) -> float:
    """The sum of the prices of all items, as a Python number; 0 without items."""
    # solution
    return prices[items].sum().item()


if __name__ == "__main__":
    tests.test_total_price_indexing(total_price_indexing)


# %% [markdown] lang="zh" tags=["hint"]
# 整数张量可以当索引：结果有多长？
# %% [markdown] lang="en" tags=["hint"]
# A tensor of integers may stand as an index: how long is the result?
# %% [markdown] lang="zh" tags=["hint"]
# `.item()` 把单个元素变成 Python 的数。
# %% [markdown] lang="en" tags=["hint"]
# `.item()` makes one element a Python number.
# %% [markdown] lang="zh"
# ### 练习 · 每行取几个 · 10 分钟
#
# `out[i, j] = matrix[i, indexes[i, j]]`：每一行有自己的列号。
# %% [markdown] lang="en"
# ### Exercise · some of each row · 10 min
#
# `out[i, j] = matrix[i, indexes[i, j]]`: each row has columns of its own.
# %% exercise="gather_2d" difficulty=3 importance=5 minutes=10
def gather_2d(matrix: Float[Tensor, "m n"], indexes: Int[Tensor, "m k"]) -> Float[Tensor, "m k"]:
    """From each row of the matrix the elements at the columns in the same row of `indexes`."""
    # solution
    return matrix.gather(1, indexes)


if __name__ == "__main__":
    tests.test_gather_2d(gather_2d)


# %% [markdown] lang="zh" tags=["hint"]
# `gather` 的 `dim` 是被 `indexes` 替换的那个下标：公式里它在第几个位置？
# %% [markdown] lang="en" tags=["hint"]
# The `dim` of `gather` is the index that `indexes` replaces: at which place does it stand in the formula?
# %% [markdown] lang="zh"
# ### 练习 · 总价，用 gather · 5 分钟
#
# 同样的总价，这次必须用 `gather` 取出价格。
# %% [markdown] lang="en"
# ### Exercise · the total, by gather · 5 min
#
# The same total, and this time `gather` must fetch the prices.
# %% exercise="total_price_gather" difficulty=2 importance=3 minutes=5
def total_price_gather(prices: Float[Tensor, " k"], items: Int[Tensor, " n"]) -> float:
    """What `total_price_indexing` returns: a Python number, 0 without items; by `gather`."""
    # solution
    return prices.gather(0, items).sum().item()


if __name__ == "__main__":
    tests.test_total_price_gather(total_price_gather)


# %% [markdown] lang="zh" tags=["hint"]
# 只有一个轴，所以 `dim` 是 0；结果与 `items` 一样长。
# %% [markdown] lang="en" tags=["hint"]
# There is one axis, so `dim` is 0; the result is as long as `items`.
# %% [markdown] lang="zh"
# ### 练习 · 按坐标取 · 10 分钟
#
# `coords` 的每一行是一个元素的完整坐标；张量有几个轴，一行就有几个数。
# %% [markdown] lang="en"
# ### Exercise · by coordinates · 10 min
#
# Each row of `coords` is one element's full coordinates, with as many numbers as the tensor has axes.
# %% exercise="integer_array_indexing" difficulty=3 importance=4 minutes=10
def integer_array_indexing(matrix: Float[Tensor, "..."], coords: Int[Tensor, "batch ndim"]) -> Float[Tensor, " batch"]:
    """The element of the tensor at each row of coordinates, for any number of axes."""
    # solution
    return matrix[coords.unbind(dim=1)]


if __name__ == "__main__":
    tests.test_integer_array_indexing(integer_array_indexing)


# %% [markdown] lang="zh" tags=["hint"]
# `matrix[i, j]` 其实是 `matrix[(i, j)]`：用一个元组作索引，每个轴一个张量。
# %% [markdown] lang="en" tags=["hint"]
# `matrix[i, j]` really is `matrix[(i, j)]`: index by a tuple, one tensor per axis.
# %% [markdown] lang="zh"
# ### 练习 · 挑行 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · choose rows · 5 min
# %% exercise="collect_rows" difficulty=1 importance=4 minutes=5
def collect_rows(matrix: Float[Tensor, "m n"], row_indexes: Int[Tensor, " k"]) -> Float[Tensor, "k n"]:
    """The rows with these numbers, in this order, repeated where a number is."""
    # solution
    return matrix[row_indexes]


if __name__ == "__main__":
    tests.test_collect_rows(collect_rows)


# %% [markdown] lang="zh" tags=["hint"]
# 只给一个索引时，它管第一个轴。
# %% [markdown] lang="en" tags=["hint"]
# A single index speaks of the first axis.
# %% [markdown] lang="zh"
# ### 练习 · 挑列 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · choose columns · 5 min
# %% exercise="collect_columns" difficulty=1 importance=4 minutes=5
def collect_columns(matrix: Float[Tensor, "m n"], column_indexes: Int[Tensor, " k"]) -> Float[Tensor, "m k"]:
    """The columns with these numbers, in this order, repeated where a number is."""
    # solution
    return matrix[:, column_indexes]


if __name__ == "__main__":
    tests.test_collect_columns(collect_columns)

# %% [markdown] lang="zh" tags=["hint"]
# 冒号 `:` 让第一个轴保持原样。
# %% [markdown] lang="en" tags=["hint"]
# A colon `:` leaves the first axis as it is.
# %% [markdown] lang="zh"
# ## 4 · 不会溢出的 softmax
#
# $\mathrm{logsumexp}(x) = \log \sum_i e^{x_i}$。
# 单精度里 $e^{89}$ 已经是无穷，而模型的分数可以是 1000；先看看直接计算会怎样。
#
# 这一节的四个函数都自己写，不用 PyTorch 现成的：`logsumexp`、`logcumsumexp`、`logaddexp`、`softmax`、`softmin`、`log_softmax`、`nll_loss`、`cross_entropy`。
# 损失是要求导的，所以梯度也要对：结果要与输入相连。
# %% [markdown] lang="en"
# ## 4 · A softmax that never overflows
#
# $\mathrm{logsumexp}(x) = \log \sum_i e^{x_i}$.
# In single precision $e^{89}$ is infinite, yet a model's scores may be 1000; first see what happens if you compute what you read.
#
# Write the four functions of this section yourself, without PyTorch's `logsumexp`, `logcumsumexp`, `logaddexp`, `softmax`, `softmin`, `log_softmax`, `nll_loss` and `cross_entropy`.
# A loss is there to be differentiated, so gradients must be right as well: the result stays connected to its inputs.
# %%
if __name__ == "__main__":
    for value in (88.0, 89.0, 1000.0, -1000.0):
        x = torch.tensor([value, value])
        print(f"exp({value:g}) = {x[0].exp():.3g}, log(sum(exp)) = {x.exp().sum().log():.6g}")


# %% [markdown] lang="zh"
# ### 练习 · logsumexp · 15 分钟
#
# 把最大值 $m$ 提出来：$\log \sum_i e^{x_i} = m + \log \sum_i e^{x_i - m}$，指数就都不大于 0。
# %% [markdown] lang="en"
# ### Exercise · logsumexp · 15 min
#
# Take the maximum $m$ out: $\log \sum_i e^{x_i} = m + \log \sum_i e^{x_i - m}$, and no exponent is above 0.
# %% exercise="batched_logsumexp" difficulty=3 importance=5 minutes=15
def batched_logsumexp(matrix: Float[Tensor, "batch n"]) -> Float[Tensor, " batch"]:
    """The log of the sum of the exponentials of each row, finite for every finite row."""
    # solution
    top = matrix.amax(dim=1)
    return top + (matrix - top[:, None]).exp().sum(dim=1).log()


if __name__ == "__main__":
    if tests.test_batched_logsumexp(batched_logsumexp):
        shifts = torch.linspace(-200, 200, 401)
        figures.overflow(shifts, batched_logsumexp(torch.stack([shifts, shifts + 1], dim=1))).show()


# %% [markdown] lang="zh" tags=["hint"]
# 每一行减去自己的最大值；整批共用一个最大值，小的那些行就会下溢成 0。
# %% [markdown] lang="en" tags=["hint"]
# Subtract from each row its own maximum; with one maximum for the batch, the small rows would underflow to 0.
# %% [markdown] lang="zh" tags=["hint"]
# `matrix.amax(dim=1)[:, None]` 的形状是 `batch 1`；最后别忘了把它加回来。
# %% [markdown] lang="en" tags=["hint"]
# `matrix.amax(dim=1)[:, None]` has the shape `batch 1`; remember to add it back at the end.
# %% [markdown] lang="zh"
# ### 练习 · softmax · 10 分钟
#
# $\mathrm{softmax}(x)_i = e^{x_i} / \sum_j e^{x_j}$，每一行之和为 1，分数大到一百万也一样。
# %% [markdown] lang="en"
# ### Exercise · softmax · 10 min
#
# $\mathrm{softmax}(x)_i = e^{x_i} / \sum_j e^{x_j}$, and each row sums to 1, even where scores are a million.
# %% exercise="batched_softmax" difficulty=2 importance=5 minutes=10
def batched_softmax(matrix: Float[Tensor, "batch n"]) -> Float[Tensor, "batch n"]:
    """The softmax of each row, finite for every finite row, and as exact for large scores as for small ones."""
    # solution
    exps = (matrix - matrix.amax(dim=1, keepdim=True)).exp()
    return exps / exps.sum(dim=1, keepdim=True)


if __name__ == "__main__":
    if tests.test_batched_softmax(batched_softmax):
        print("softmax of 1000, 1001:", batched_softmax(torch.tensor([[1000.0, 1001.0]])).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 分子和分母都乘以 $e^{-m}$，softmax 不变：每一行先减去自己的最大值 $m$。
# %% [markdown] lang="en" tags=["hint"]
# Multiply numerator and denominator by $e^{-m}$, and the softmax stays: subtract from each row its own maximum $m$ first.
# %% [markdown] lang="zh" tags=["hint"]
# 一百万附近的单精度数相隔 1/16：`batched_logsumexp` 的结果在那里舍入得很粗，所以这里还是除以和。
# %% [markdown] lang="en" tags=["hint"]
# Single-precision numbers near a million are 1/16 apart: there the result of `batched_logsumexp` is rounded coarsely, so here divide by the sum.
# %% [markdown] lang="zh"
# ### 练习 · log softmax · 5 分钟
#
# $\log \mathrm{softmax}(x)_i = x_i - \mathrm{logsumexp}(x)$；分数大到一百万也要准。
# %% [markdown] lang="en"
# ### Exercise · log softmax · 5 min
#
# $\log \mathrm{softmax}(x)_i = x_i - \mathrm{logsumexp}(x)$, and it must be exact even where scores are a million.
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
# 不要对 softmax 取对数：它可能已经下溢成 0。
# %% [markdown] lang="en" tags=["hint"]
# Don't take the log of a softmax: it may have underflowed to 0 already.
# %% [markdown] lang="zh" tags=["hint"]
# 大的分数让 `batched_logsumexp` 的结果舍入得很粗；同一行减去同一个数，log softmax 不变，所以先减去最大值。
# %% [markdown] lang="en" tags=["hint"]
# With large scores the result of `batched_logsumexp` is rounded coarsely; one number taken from a whole row changes no log softmax, so subtract the maximum first.
# %% [markdown] lang="zh"
# ### 练习 · 交叉熵损失 · 10 分钟
#
# 正确类别的概率的负对数，每个样本一个数；分数大到一百万也要准。
# %% [markdown] lang="en"
# ### Exercise · cross-entropy loss · 10 min
#
# The negative log of the probability of the true class, one number per example; exact even where scores are a million.
# %% exercise="batched_cross_entropy_loss" difficulty=3 importance=5 minutes=10
def batched_cross_entropy_loss(
    logits: Float[Tensor, "batch n"], true_labels: Int[Tensor, " batch"]
) -> Float[Tensor, " batch"]:
    """The cross entropy of each example with its true class, in nats; not averaged."""
    # solution
    return -batched_logsoftmax(logits).gather(1, true_labels[:, None])[:, 0]


if __name__ == "__main__":
    if tests.test_batched_cross_entropy_loss(batched_cross_entropy_loss):
        print(
            "of a uniform guess among 10:", batched_cross_entropy_loss(torch.zeros(1, 10), torch.tensor([3])).tolist()
        )


# %% [markdown] lang="zh" tags=["hint"]
# 用 `gather` 从每一行的 log softmax 里取出正确的那一列，再变号。
# %% [markdown] lang="en" tags=["hint"]
# With `gather` take the true column of each row's log softmax, then change the sign.
# %% [markdown] lang="zh" tags=["question"] see="batched_logsumexp"
# 减去最大值为什么不改变 softmax？为什么减去最大值，而不是平均值？
# %% [markdown] lang="en" tags=["question"] see="batched_logsumexp"
# Why does subtracting the maximum not change a softmax, and why the maximum rather than the mean?
# %% [markdown] lang="zh" tags=["answer"]
# 每个 $x_i$ 减去同一个 $m$，分子和分母都乘以 $e^{-m}$，约掉了。
# 减去最大值之后，指数都不大于 0，不会上溢；最大的那一项恰好是 $e^0 = 1$，所以和至少是 1，取对数也不会下溢。
# 减去平均值没有这个保证：$(0, 0, 3000)$ 减去 1000 仍有 2000。
# %% [markdown] lang="en" tags=["answer"]
# Subtracting one $m$ from every $x_i$ multiplies numerator and denominator by $e^{-m}$, which cancels.
# Once the maximum is subtracted, no exponent is above 0, so nothing overflows; the largest term is exactly $e^0 = 1$, so the sum is at least 1 and its log safe.
# The mean promises nothing of this: $(0, 0, 3000)$ minus 1000 still contains 2000.
# %% [markdown] lang="zh"
# ## 5 · 签名里的形状
#
# `Float[Tensor, "batch d"]`：浮点数，两个轴；同一次调用里，同名的轴必须一样长。
# 写数字就固定长度，`...` 代表任意多个轴；只有一个轴时，名字前留一个空格，编辑器就不会把它当成类型名。
#
# `@jaxtyped(typechecker=beartype)` 让 Python 在每次调用时检查。
# %% [markdown] lang="en"
# ## 5 · Shapes in the signature
#
# `Float[Tensor, "batch d"]`: floats, two axes; within one call, axes of one name must be equally long.
# A number fixes a length, and `...` stands for any number of axes; a single axis has a space before its name, lest an editor take it for a type.
#
# `@jaxtyped(typechecker=beartype)` has Python check it at each call.
# %%
@jaxtyped(typechecker=beartype)
def weighted_mean(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    """The mean of the rows of x by weight."""
    return weights @ x / weights.sum()


@jaxtyped(typechecker=beartype)
def plain_sum(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    """Means to be `weighted_mean`, and is wrong."""
    return x.sum(dim=0)


@jaxtyped(typechecker=beartype)
def kept_axis(x: Float[Tensor, "batch d"], weights: Float[Tensor, " batch"]) -> Float[Tensor, " d"]:
    """Means to be `weighted_mean`, and keeps an axis too many."""
    return (weights[:, None] * x).sum(dim=0, keepdim=True) / weights.sum()


if __name__ == "__main__":
    print(weighted_mean(torch.eye(3), torch.tensor([1.0, 2, 1])))


# %% [markdown] lang="zh"
# ### 练习 · 检查能抓住什么 · 15 分钟
#
# 每一次调用：能通过就写 `True`，被检查拦下就写 `False`。
# %% [markdown] lang="en"
# ### Exercise · what a check catches · 15 min
#
# For each call write `True` if it goes through, `False` if the check stops it.
# %% exercise="predict_checks" difficulty=3 importance=4 minutes=15
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
# 检查看的是类型、dtype 的种类和形状；`Float` 容得下任何精度，长度也可以是 0。
# %% [markdown] lang="en" tags=["hint"]
# A check looks at type, kind of dtype, and shape; `Float` takes any precision, and a length may be 0.
# %% [markdown] lang="zh" tags=["hint"]
# 它不知道数值的含义：形状碰巧相符的错误，它看不见。
# %% [markdown] lang="en" tags=["hint"]
# It knows nothing of what the numbers mean: an error whose shape happens to fit goes unseen.
# %% [markdown] lang="zh"
# ### 练习 · 写注解 · 15 分钟
#
# 现在由你来写，注解也是值，可以放进字典：
# - `"picture"`：一张图，恰好 3 个颜色通道，高和宽任意，浮点数
# - `"square"`：浮点数的方阵
# - `"labels"`：一排整数
# - `"mask"`：真假值，两个轴
# - `"pictures"`：浮点数，前面任意多个轴，最后是高和宽
# %% [markdown] lang="en"
# ### Exercise · write annotations · 15 min
#
# Now you write them; an annotation is a value, too, and fits into a dictionary:
# - `"picture"`: one picture of exactly 3 colour channels, any height and width, floats
# - `"square"`: a square matrix of floats
# - `"labels"`: a row of integers
# - `"mask"`: truth values, two axes
# - `"pictures"`: floats, any number of axes in front, height and width at the end
# %% exercise="shape_annotations" difficulty=3 importance=4 minutes=15
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
# 同一个名字写两次，就要求两个轴一样长；`Int`、`Bool`、`Float` 说的是元素的种类。
# %% [markdown] lang="en" tags=["hint"]
# A name written twice asks for equal lengths; `Int`, `Bool` and `Float` speak of the kind of elements.
# %% [markdown] lang="zh" tags=["question"] see="predict_checks"
# 注解写对了，检查也通过了，还会错在哪里？
# %% [markdown] lang="en" tags=["question"] see="predict_checks"
# The annotations are right and the check passes: what may still be wrong?
# %% [markdown] lang="zh" tags=["answer"]
# 一切形状看不出来的东西：公式错了，两个一样长的轴弄反了，沿错了轴却碰巧一样长，设备不对，出现 NaN。
# 所以测试要让每个轴的长度都不同，还要核对数值。
# 没有 `@jaxtyped` 或者没有类型检查器时，注解只是说明，什么也不检查。
# %% [markdown] lang="en" tags=["answer"]
# Whatever a shape doesn't show: a wrong formula, two equally long axes swapped, a wrong axis of the same length by chance, a wrong device, NaN.
# So tests use a different length for each axis, and compare values.
# Without `@jaxtyped`, or without a type checker, annotations only explain, and check nothing.
