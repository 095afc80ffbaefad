# %% [markdown] lang="zh" order=3
# # 第 2 天 · 看进网络里面
#
# 上一课你造了网络，这一课打开它：截下中间的值，借用学到的特征，看滤波器在找什么，关掉一个通道，看哪个数字最先认不出来。
# 最后，一个小网络把两条螺旋线解开给你看。
#
# 整课的规矩：函数不改动传入的张量；除非练习另有说明，结果的 dtype 与输入相同。
# %% [markdown] lang="en"
# # Day 2 · a look inside
#
# Last lesson you built networks, now you open one: catch what flows between its layers, borrow its features, see what its filters look for, silence a channel and watch which digit falls.
# At the end, a small network unfolds two spirals before your eyes.
#
# Two rules hold in the whole lesson: a function leaves the tensors that it is given unchanged, and its result has their dtype, unless the exercise says otherwise.
# %%
import copy
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from part2_cnns.solutions import (
    Flatten,
    Linear,
    ReLU,
    Sequential,
    TrainArgs,
    accuracy,
    fit,
    get_digits,
    train_with_validation,
)
from part2_resnets.solutions import Conv2d, MaxPool2d, SmallResNet, predict
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.hooks import RemovableHandle

from part2_features import figures, tests

# %% [markdown] lang="zh"
# ## 1 · 钩子
#
# 钩子（hook）是一个函数 `hook(module, inputs, output)`，模块每次前向之后都会叫它。
# 不改一行模型的代码，就能看见中间的一切。
# %% [markdown] lang="en"
# ## 1 · Hooks
#
# A hook is a function `hook(module, inputs, output)` that a module calls after each forward.
# Without changing a line of the model, you see everything in between.
# %% [markdown] lang="zh"
# ### 练习 · 挂上钩子 · 10 分钟
#
# 给模型自己和它里面的每一个模块都挂上，不论藏得多深。
# 返回的句柄（handle）用来取下它们。
# 挂上的就是 `hook` 本身：它若返回张量，这个张量就取代模块的输出；别人挂的钩子不动。
# %% [markdown] lang="en"
# ### Exercise · add a hook · 10 min
#
# Hang it on the model itself and on each module inside, however deep.
# The handles that come back are for taking them off.
# Hang up `hook` itself: a tensor that it returns takes the place of the module's output; other people's hooks stay.
# %% exercise="add_hook" difficulty=2 importance=4 minutes=10
Hook = Callable[[nn.Module, tuple, Tensor], Tensor | None]


def add_hook(model: nn.Module, hook: Hook) -> list[RemovableHandle]:
    """The handles of `hook` as a forward hook of `model` and of every module in it, each once."""
    # solution
    return [module.register_forward_hook(hook) for module in model.modules()]


if __name__ == "__main__":
    if tests.test_add_hook(add_hook):
        model = SmallResNet()
        add_hook(model, lambda module, inputs, output: print(f"{type(module).__name__:14}{tuple(output.shape)}"))
        model(torch.zeros(1, 1, 8, 8))


# %% [markdown] lang="zh" tags=["hint"]
# `model.modules()` 给出模型自己和里面的所有模块，每个只给一次；`model.children()` 只往下走一层。
# %% [markdown] lang="en" tags=["hint"]
# `model.modules()` yields the model and all modules inside, each once; `model.children()` goes down one level only.
# %% [markdown] lang="zh"
# ### 练习 · 取下钩子 · 5 分钟
#
# 只取下这些，别人的钩子留着。
# %% [markdown] lang="en"
# ### Exercise · remove hooks · 5 min
#
# Take off these only: other people's hooks stay.
# %% exercise="remove_hooks" difficulty=1 importance=4 minutes=5
def remove_hooks(handles: list[RemovableHandle]) -> None:
    """Takes off the hooks of these handles; one that is off already does no harm."""
    # solution
    for handle in handles:
        handle.remove()


if __name__ == "__main__":
    tests.test_remove_hooks(remove_hooks)


# %% [markdown] lang="zh" tags=["hint"]
# 句柄是 `RemovableHandle`：看看它有哪些方法。
# %% [markdown] lang="en" tags=["hint"]
# A handle is a `RemovableHandle`: look which methods it has.
# %% [markdown] lang="zh"
# ### 练习 · 谁造出了 NaN · 10 分钟
#
# 损失变成 `nan` 时，NaN 早已在别的某一层产生了。
# 这个钩子在第一个返回 NaN 的模块那里就报错 `ValueError`，错误的文字里有它的类名，例如 `Linear`。
# 有的模块返回元组，元组里还可能有元组和 `None`：其中的张量都要看。
# %% [markdown] lang="en"
# ### Exercise · who made the NaN? · 10 min
#
# When the loss is `nan`, the NaN was made earlier, in some other layer.
# This hook raises a `ValueError` at the first module that returns NaN, with the name of its class in the words, as `Linear`.
# Some modules return tuples, with tuples and `None` in them: look at every tensor there.
# %% exercise="hook_check_for_nan_output" difficulty=2 importance=4 minutes=10
def hook_check_for_nan_output(module: nn.Module, inputs: tuple, output: Tensor | tuple) -> None:
    """Raises ValueError with the module's class if a tensor in its output, also in nested tuples, holds NaN; infinity is let pass."""
    # solution
    parts = [output]
    for part in parts:  # it grows while it is walked
        if isinstance(part, tuple | list):
            parts += part
        elif torch.is_tensor(part) and part.isnan().any():
            given = ["NaN" if value.isnan().any() else "no NaN" for value in inputs if torch.is_tensor(value)]
            raise ValueError(f"{type(module).__name__} returned NaN; it was given {', '.join(given)}: look at {module}")


if __name__ == "__main__":
    if tests.test_hook_check_for_nan_output(hook_check_for_nan_output) and tests.test_add_hook(add_hook):
        model = Sequential(Linear(3, 4), ReLU(), Linear(4, 2))
        with torch.no_grad():
            next(model[2].parameters())[0, 0] = math.nan
        add_hook(model, hook_check_for_nan_output)
        try:
            model(torch.randn(1, 3))
        except ValueError as error:
            print(error)


# %% [markdown] lang="zh" tags=["hint"]
# `isnan().any()`；`nn.LSTM` 返回 `(output, (h, c))`：遇到元组，就再看它的每一部分。
# %% [markdown] lang="en" tags=["hint"]
# `isnan().any()`; `nn.LSTM` returns `(output, (h, c))`: where you meet a tuple, look at each of its parts in turn.
# %% [markdown] lang="zh"
# ## 2 · 借用特征
#
# 一个网络学过 0 到 4，从没见过 5 到 9。
# 它的主干（body）已经懂得笔画：冻结它，只换一个分类头（head），看看几百个参数能学会多少。
# %% [markdown] lang="en"
# ## 2 · Borrowed features
#
# One network has learned 0 to 4 and has never seen 5 to 9.
# Its body knows strokes by now: freeze it, change the head, and see how much a few hundred parameters can learn.
# %%
def some_digits(train: bool, first: int, last: int, per_class: int | None = None) -> TensorDataset:
    """The digits from `first` to `last`, labelled from 0 on; at most `per_class` images of each."""
    images, labels = get_digits(train)[:]
    chosen = [(labels == digit).nonzero()[:per_class, 0] for digit in range(first, last + 1)]
    return TensorDataset(images[torch.cat(chosen)], labels[torch.cat(chosen)] - first)


# %% [markdown] lang="zh"
# ### 练习 · 冻结主干，换一个分类头 · 20 分钟
#
# `SmallResNet` 由 `body` 和 `head` 组成。
# 拷贝它，不许动原件，也不与原件共用内存；主干的参数和 buffer 都照旧，只是参数不再要求梯度；头是新的 `Linear`，它要学习。
# %% [markdown] lang="en"
# ### Exercise · freeze the body, change the head · 20 min
#
# A `SmallResNet` is a `body` and a `head`.
# Copy it, leave the original alone and share no memory with it; the body keeps all its parameters and buffers, but its parameters ask for no gradients; the head is a new `Linear`, which learns.
# %% exercise="get_resnet_for_feature_extraction" difficulty=3 importance=4 minutes=20
def get_resnet_for_feature_extraction(n_classes: int, pretrained: SmallResNet | None = None) -> SmallResNet:
    """A copy of `pretrained` (else a fresh `SmallResNet`) with its body frozen and a new head for `n_classes`."""
    # solution
    model = copy.deepcopy(pretrained) if pretrained is not None else SmallResNet()
    model.requires_grad_(False)
    model.head = Linear(model.head.weight.shape[1], n_classes).to(model.head.weight)  # of its dtype, on its device
    return model


if __name__ == "__main__":
    if tests.test_get_resnet_for_feature_extraction(get_resnet_for_feature_extraction):
        model = get_resnet_for_feature_extraction(5)
        learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
        print(f"{learning:,} of {sum(p.numel() for p in model.parameters()):,} parameters learn")


# %% [markdown] lang="zh" tags=["hint"]
# `model.requires_grad_(False)` 冻结所有参数；之后才造的头不受影响。
# %% [markdown] lang="en" tags=["hint"]
# `model.requires_grad_(False)` freezes all parameters; a head made after it isn't frozen.
# %% [markdown] lang="zh" tags=["hint"]
# 头的输入有多大，看旧的头：`head.weight.shape[1]`。
# %% [markdown] lang="en" tags=["hint"]
# The old head tells you how large the new head's input is: `head.weight.shape[1]`.
# %% [markdown] lang="zh"
# ### 练习 · 只训练头 · 20 分钟
#
# `model` 来自上一题，主干已经冻结。
# 整个数据集作一批，`torch.optim.Adam` 除学习率外都用默认设置，走 `epochs` 步。
# 小心：冻结的参数不动，批归一化的运行统计量在 train 模式里却会动。
# %% [markdown] lang="en"
# ### Exercise · train the head alone · 20 min
#
# `model` comes from the last exercise, with its body frozen.
# The whole data set is one batch; take `epochs` steps with `torch.optim.Adam`, all its settings but the learning rate at their defaults.
# Beware: frozen parameters stay, but in train mode the running statistics of batch norms still move.
# %% exercise="train_head" difficulty=3 importance=4 minutes=20
def train_head(model: SmallResNet, data: TensorDataset, epochs: int, lr: float) -> list[float]:
    """The mean cross-entropy in eval mode before each step; afterwards no parameter or buffer of `model.body` has changed."""
    # solution
    images, labels = data[:]
    model.eval()
    with torch.no_grad():
        features = model.body(images)  # they never change: once is enough
    return fit(model.head, [(features, labels)], torch.optim.Adam(model.head.parameters(), lr=lr), epochs)


if __name__ == "__main__":
    right = tests.test_train_head(train_head)
    if right and tests.test_get_resnet_for_feature_extraction(get_resnet_for_feature_extraction):
        torch.manual_seed(0)
        learned = SmallResNet(n_classes=5)
        loader = DataLoader(some_digits(True, 0, 4), 64, shuffle=True)
        fit(learned, loader, torch.optim.Adam(learned.parameters(), lr=3e-3), epochs=3)
        print(f"trained on 0 to 4: {accuracy(learned, some_digits(False, 0, 4)):.1%} of them")
        new, test = some_digits(True, 5, 9, per_class=100), some_digits(False, 5, 9)
        for name, body in (("random body", SmallResNet()), ("body that knows 0 to 4", learned)):
            model = get_resnet_for_feature_extraction(5, body)
            train_head(model, new, epochs=300, lr=0.05)
            print(f"5 to 9 by a new head on a {name}: {accuracy(model, test):.1%}")


# %% [markdown] lang="zh" tags=["hint"]
# 主干不变，特征也就不变：在 `torch.no_grad()` 里用 eval 模式算一次，然后只训练头。
# %% [markdown] lang="en" tags=["hint"]
# The body never changes, so neither do its features: compute them once, in eval mode under `torch.no_grad()`, then train the head.
# %% [markdown] lang="zh" tags=["question"] see="train_head"
# 冻结的网络在 train 模式里跑一遍，什么会变？为什么这很危险？
# %% [markdown] lang="en" tags=["question"] see="train_head"
# A frozen network runs once in train mode. What changes, and why is that dangerous?
# %% [markdown] lang="zh" tags=["answer"]
# `requires_grad_(False)` 只管参数；`BatchNorm2d` 的 `running_mean` 和 `running_var` 是 buffer，由前向更新，与梯度无关。
# 于是“冻结”的主干悄悄漂向新数据，旧的任务变差，而任何参数都看不出变化。
# %% [markdown] lang="en" tags=["answer"]
# `requires_grad_(False)` governs parameters only; `running_mean` and `running_var` of a `BatchNorm2d` are buffers, moved by the forward pass, whatever the gradients.
# So the "frozen" body drifts to the new data and gets worse at its old task, and no parameter shows it.
# %% [markdown] lang="zh"
# ## 3 · 滤波器在找什么
#
# 动物的视觉皮层里有只认边缘的细胞；卷积网络的第一层，不用谁教，也会长出边缘检测器。
# 先自己造一个，再拿学到的来比。
# %% [markdown] lang="en"
# ## 3 · What filters look for
#
# In the visual cortex of animals some cells care for edges only; the first layer of a convolutional network grows edge detectors too, untaught.
# First make one yourself, then hold the learned ones against it.
# %% [markdown] lang="zh"
# ### 练习 · 边缘检测器 · 20 分钟
#
# 以正中为原点，$x$ 向右，$y$ 向下：
#
# $$w(x, y) \propto (x\cos\theta + y\sin\theta)\, e^{-(x^2 + y^2) / 2\sigma^2}, \qquad \sigma = \text{size} / 4$$
#
# 再缩放到 $\lVert w \rVert = 1$。
# 往 $\theta$ 的方向越来越亮，它的响应就是正的。
# %% [markdown] lang="en"
# ### Exercise · an edge detector · 20 min
#
# With 0 in the middle, $x$ to the right and $y$ down:
#
# $$w(x, y) \propto (x\cos\theta + y\sin\theta)\, e^{-(x^2 + y^2) / 2\sigma^2}, \qquad \sigma = \text{size} / 4$$
#
# Then scale it to $\lVert w \rVert = 1$.
# Where the image gets brighter towards $\theta$, the answer is positive.
# %% exercise="edge_detector" difficulty=3 importance=3 minutes=20
def edge_detector(theta: float = 0.0, size: int = 7) -> Float[Tensor, "1 size size"]:
    """A filter of norm 1, in float32, for edges that get brighter towards theta (radians, from right to down); size > 1."""
    # solution
    middle = torch.arange(size) - (size - 1) / 2
    y, x = middle[:, None], middle[None, :]
    sigma = size / 4
    filter = (x * math.cos(theta) + y * math.sin(theta)) * torch.exp(-(x**2 + y**2) / (2 * sigma**2))
    return (filter / filter.norm())[None]


if __name__ == "__main__":
    if tests.test_edge_detector(edge_detector):
        angles = [k * math.pi / 4 for k in range(8)]
        figures.detectors(torch.stack([edge_detector(theta) for theta in angles]), angles).show()
        image = F.interpolate(get_digits(train=True)[2][0][None], size=(40, 40), mode="bilinear")
        figures.edges(image, F.conv2d(image, torch.stack([edge_detector(theta) for theta in angles]), padding=3)).show()


# %% [markdown] lang="zh" tags=["hint"]
# `torch.arange(size) - (size - 1) / 2` 的正中是 0；`[:, None]` 竖着放就是 $y$，`[None, :]` 横着放就是 $x$。
# %% [markdown] lang="en" tags=["hint"]
# `torch.arange(size) - (size - 1) / 2` has 0 in its middle; upright, `[:, None]`, it is $y$, and lying down, `[None, :]`, it is $x$.
# %% [markdown] lang="zh"
# ### 练习 · 有多像边缘 · 20 分钟
#
# $\theta$ 方向的检测器是 $\cos\theta\, e_0 + \sin\theta\, e_{90}$：所有方向的检测器张成一个平面。
# 一个滤波器有多像边缘，就看它投影到这个平面上还剩多长，再除以它自己的长度：0 是完全不像，1 就是边缘检测器。
# 滤波器乘以一个正数，结果不变，哪怕这个数只有 $10^{-10}$：分母里不要加一个 $10^{-8}$ 之类的数，也不要在那里截断。
# %% [markdown] lang="en"
# ### Exercise · how much of an edge? · 20 min
#
# The detector for $\theta$ is $\cos\theta\, e_0 + \sin\theta\, e_{90}$: the detectors of all directions span a plane.
# Project a filter onto it: what is left of its length, over its own length, says how much of an edge it is; 0 is not at all, 1 is an edge detector.
# A filter times a positive number gives the same, be the number as small as $10^{-10}$: don't add something like $10^{-8}$ to the denominator, and don't clamp it there.
# %% exercise="edge_likeness" difficulty=3 importance=2 minutes=20
def edge_likeness(filters: Float[Tensor, "n 1 size size"]) -> Float[Tensor, " n"]:
    """The cosine of the angle between each filter and the plane of all edge detectors of its size (> 1); 0 for a zero filter."""
    # solution
    size = filters.shape[-1]
    plane = torch.stack([edge_detector(0.0, size), edge_detector(math.pi / 2, size)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    lengths = flat.norm(dim=1)
    return (flat @ plane.T).norm(dim=1) / lengths.where(lengths > 0, 1)


if __name__ == "__main__":
    tests.test_edge_likeness(edge_likeness)


# %% [markdown] lang="zh" tags=["hint"]
# $e_0$ 与 $e_{90}$ 互相垂直，长度都是 1：投影的长度就是两个内积的平方和再开方。
# 零滤波器的长度换成任何正数再除，就得到 0。
# %% [markdown] lang="en" tags=["hint"]
# $e_0$ and $e_{90}$ are perpendicular and of length 1: the length of the projection is the square root of the sum of the two squared dot products.
# Put any positive number in place of a zero filter's length, then divide, and you get 0.
# %% [markdown] lang="zh"
# 训练一个只有一层卷积的网络，看它长出了什么。
# 图放大到 24×24；滤波器从接近 0 处出发，权重衰减（weight decay）抹去训练没有用到的噪声。
# %% [markdown] lang="en"
# Train a network with a single convolution, and see what it grows.
# Images are enlarged to 24×24; the filters begin near 0, and weight decay wipes out the noise that training has no use for.
# %%
def enlarged(data: TensorDataset) -> TensorDataset:
    """The same images in 24x24 pixels."""
    images, labels = data[:]
    return TensorDataset(F.interpolate(images, size=(24, 24), mode="bilinear", align_corners=False), labels)


def network_with(conv: Conv2d) -> nn.Module:
    """`conv` of 16 filters of 7x7, which now begin near 0, ReLU, max pooling and a linear layer."""
    conv.weight.data *= 0.1
    return Sequential(conv, ReLU(), MaxPool2d(6, stride=3), Flatten(), Linear(16 * 25, 10))


if __name__ == "__main__":
    if tests.test_edge_likeness(edge_likeness):
        torch.manual_seed(0)
        conv = Conv2d(1, 16, 7)
        viewer, (images, labels) = network_with(conv), enlarged(get_digits(train=True))[:]
        print(f"edge-likeness before training: {edge_likeness(conv.weight.detach()).mean():.2f} on average")
        optimizer = torch.optim.AdamW(viewer.parameters(), lr=3e-3, weight_decay=0.3)
        batches = [(images[i::23], labels[i::23]) for i in range(23)]
        fit(viewer, batches, optimizer, epochs=40)
        likeness = edge_likeness(conv.weight.detach())
        print(
            f"after: {likeness.mean():.2f}; held-out digits: {accuracy(viewer, enlarged(get_digits(train=False))):.1%}"
        )
        figures.filters(conv.weight.detach(), likeness).show()


# %% [markdown] lang="zh"
# ### 练习 · 它最想看到什么 · 25 分钟
#
# 反过来用梯度：权重不动，改动图像，让某个激活值越来越大。
# `activation(images)` 给每张图一个数，各张图互不相干。
# 每一步沿着 $\text{activation} - \text{penalty}\cdot\lVert\text{image}\rVert^2$ 的梯度走：加上 `lr` 乘梯度，每一步之后把像素截断（clamp）到 0 与 1 之间。
# 结果不再连着计算图；模型的参数原有的 `.grad` 也不许动。
# %% [markdown] lang="en"
# ### Exercise · what would it love to see? · 25 min
#
# Gradients the other way round: weights stay, and the image changes, so that some activation grows.
# `activation(images)` gives one number for each image, and the images have nothing to do with each other.
# In each step add `lr` times the gradient of $\text{activation} - \text{penalty}\cdot\lVert\text{image}\rVert^2$, and after each step clamp the pixels to the range 0 to 1.
# The result hangs on no graph any more; and the `.grad` that parameters of the model had before stays as it was.
# %% exercise="maximise_activation" difficulty=3 importance=4 minutes=25
def maximise_activation(
    activation: Callable[[Tensor], Tensor],
    start: Float[Tensor, "batch c h w"],
    steps: int,
    lr: float,
    penalty: float = 0.0,
) -> Float[Tensor, "batch c h w"]:
    """The images after `steps` of gradient ascent from `start`, detached; no `.grad` of any parameter has changed."""
    # solution
    image = start.clone()
    for _ in range(steps):
        image.requires_grad_()
        objective = activation(image).sum() - penalty * image.square().sum()
        (gradient,) = torch.autograd.grad(objective, image)
        image = (image.detach() + lr * gradient).clamp(0, 1)
    return image


if __name__ == "__main__":
    if tests.test_maximise_activation(maximise_activation):
        model, _, _ = train_with_validation(TrainArgs(make_model=SmallResNet, epochs=8))
        model.eval()
        grey = torch.full((10, 1, 8, 8), 0.5)
        dreams = maximise_activation(lambda x: model(x).diagonal(), grey, steps=200, lr=0.05, penalty=0.05)
        classes, probs = predict(model, dreams)
        figures.dreams(dreams, [f"{int(c)} · {float(p):.0%}" for c, p in zip(classes, probs, strict=True)]).show()


# %% [markdown] lang="zh" tags=["hint"]
# `torch.autograd.grad(objective, image)` 只算对图像的梯度；`backward()` 会把梯度也堆进模型的参数里。
# %% [markdown] lang="en" tags=["hint"]
# `torch.autograd.grad(objective, image)` takes the gradient for the image alone; `backward()` would pile some up in the model's parameters too.
# %% [markdown] lang="zh" tags=["hint"]
# 走一步之后先 `detach()`，否则计算图会一步步长下去。
# %% [markdown] lang="en" tags=["hint"]
# After a step, `detach()`, else the graph grows from step to step.
# %% [markdown] lang="zh"
# ### 练习 · 关掉一个通道 · 20 分钟
#
# 想知道一个零件有什么用，就拆掉它：这叫消融（ablation）。
# 用一个钩子，把 `layer` 输出里的这个通道换成 0；无论如何，最后都要取下钩子，只取自己的那一个。
# `model` 已在 eval 模式；每个模块的模式、参数、buffer 和别人的钩子都不许变。
# 前向出了错，照样取下钩子，再让错误继续往外传。
# %% [markdown] lang="en"
# ### Exercise · silence a channel · 20 min
#
# To know what a part is for, take it out: that is called ablation.
# With a hook, put 0 in place of this channel in the output of `layer`; and take off the hook at the end, whatever happens, and yours alone.
# `model` is in eval mode already; the mode of each module, parameters, buffers and other people's hooks stay as they are.
# If the forward fails, take off the hook all the same, and let the error go on to the caller.
# %% exercise="ablate_channel" difficulty=3 importance=4 minutes=20
def ablate_channel(
    model: nn.Module, layer: nn.Module, channel: int, images: Float[Tensor, "batch c h w"]
) -> Float[Tensor, "batch n_classes"]:
    """The logits, without gradients, while this channel of `layer`'s output is 0; `model`, in eval mode, is as before, even after an error."""
    # solution

    def silence(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        output = output.clone()
        output[:, channel] = 0
        return output

    handle = layer.register_forward_hook(silence)
    try:
        with torch.no_grad():
            return model(images)
    finally:
        handle.remove()


if __name__ == "__main__":
    if tests.test_ablate_channel(ablate_channel):
        model, _, accuracies = train_with_validation(TrainArgs(lambda: SmallResNet(width=8), epochs=12))
        model.eval()
        layer, (images, labels) = model.get_submodule("body.3"), get_digits(train=False)[:]
        classes, _ = predict(model, images)
        lost = torch.zeros(10, 8)
        for channel in range(8):
            without = ablate_channel(model, layer, channel, images).argmax(dim=1)
            change = (classes == labels).float() - (without == labels).float()
            lost[:, channel] = torch.stack([change[labels == digit].mean() for digit in range(10)])
        digit, channel = divmod(int(lost.argmax()), 8)
        share = f"{lost[digit, channel]:.0%} of all pictures of {digit} are no longer recognised"
        print(f"of all digits {accuracies[-1]:.1%} are right; without channel {channel}, {share}")
        figures.ablation(lost).show()


# %% [markdown] lang="zh" tags=["hint"]
# 前向钩子如果返回一个张量，它就取代模块的输出。
# %% [markdown] lang="en" tags=["hint"]
# What a forward hook returns takes the place of the module's output.
# %% [markdown] lang="zh" tags=["hint"]
# `try: … finally: handle.remove()`：出了错也会取下。
# %% [markdown] lang="en" tags=["hint"]
# `try: … finally: handle.remove()`: it comes off after an error too.
# %% [markdown] lang="zh" tags=["question"] see="ablate_channel"
# 关掉一个通道，准确率几乎不变。能不能说这个通道没有用？
# %% [markdown] lang="en" tags=["question"] see="ablate_channel"
# A channel is silenced, and the accuracy hardly changes. Is that channel of no use?
# %% [markdown] lang="zh" tags=["answer"]
# 不能：别的通道可能做着同样的事，单独关掉任何一个都看不出来，一起关掉才会倒下。
# 0 也未必是“没有信息”：这个通道平时若总是很大，0 反而是网络从没见过的值；所以也有人换成平均值。
# %% [markdown] lang="en" tags=["answer"]
# No: other channels may do the same work, so that one is not missed, and only the loss of all would tell.
# Nor need 0 mean "no information": if the channel is usually large, 0 is a value that the network never saw; so some put in its mean instead.
# %% [markdown] lang="zh"
# ## 4 · 解开两条螺旋线
#
# 两条缠在一起的螺旋线，没有一条直线能分开它们。
# 让网络最后一个隐藏层只有两个神经元，它把平面折成什么样子，就可以直接画出来。
# %% [markdown] lang="en"
# ## 4 · Unfolding two spirals
#
# Two spirals wind about each other, and no straight line parts them.
# Give the last hidden layer of a network two neurons only, and how it folds the plane can simply be drawn.
# %% [markdown] lang="zh"
# ### 练习 · 两条螺旋线 · 15 分钟
#
# 第一条：半径 $r$ 从 0.1 到 1 均匀地取 $n$ 个值，角度是 $2\pi \cdot \text{turns} \cdot r$。
# 第二条是第一条的反面，$-x$。
# 每个坐标再加上标准差为 `noise` 的正态噪声，随机数只取自 `generator`。
# %% [markdown] lang="en"
# ### Exercise · two spirals · 15 min
#
# The first: $n$ radii $r$ evenly from 0.1 to 1, at the angles $2\pi \cdot \text{turns} \cdot r$.
# The second is its opposite, $-x$.
# Then normal noise of standard deviation `noise` on each coordinate, with random numbers from `generator` alone.
# %% exercise="two_spirals" difficulty=2 importance=2 minutes=15
def two_spirals(
    n: int, turns: float, noise: float, generator: torch.Generator
) -> tuple[Float[Tensor, "points 2"], Int[Tensor, " points"]]:
    """The n points of arm 0, then the n of arm 1, in float32; and the arm of each, in int64."""
    # solution
    radius = torch.linspace(0.1, 1, n)
    angle = math.tau * turns * radius
    arm = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=-1)
    points = torch.cat([arm, -arm])
    return points + noise * torch.randn(points.shape, generator=generator), torch.arange(2).repeat_interleave(n)


if __name__ == "__main__":
    if tests.test_two_spirals(two_spirals):
        figures.spirals(*two_spirals(200, 1.5, 0.01, torch.Generator().manual_seed(0))).show()


# %% [markdown] lang="zh" tags=["hint"]
# `torch.randn` 有一个参数 `generator`：把它交进去，随机数就只从那里取。
# %% [markdown] lang="en" tags=["hint"]
# `torch.randn` has an argument `generator`: hand it over, and random numbers come from there only.
# %% [markdown] lang="zh"
# ### 练习 · 二维的隐藏层 · 15 分钟
#
# `fold`：线性、tanh、线性、tanh、线性、tanh、线性，大小是 2、`width`、`width`、`width`、2；线性层用 `Linear` 或 `nn.Linear`，都有偏置。
# 像残差块一样，它只学差别：`hidden(x)` 是 `x + fold(x)`。
# 让 `fold` 最后一层的权重和偏置从 0 出发（别的层照旧随机），训练开始时螺旋线就原样摆在那里。
# `head` 是最后的线性层，2 到 2：它只会画一条直线。
# %% [markdown] lang="en"
# ### Exercise · a hidden layer of two · 15 min
#
# `fold`: linear, tanh, linear, tanh, linear, tanh, linear, of the sizes 2, `width`, `width`, `width`, 2; each linear layer is a `Linear` or an `nn.Linear`, with a bias.
# As in a residual block it learns the difference only: `hidden(x)` is `x + fold(x)`.
# Let weight and bias of the last layer of `fold` begin at 0 (the other layers at random, as ever), and the spirals lie there untouched when training begins.
# `head` is the last linear layer, 2 to 2: all it can draw is a straight line.
# %% exercise="SpiralMLP" difficulty=2 importance=3 minutes=15
class SpiralMLP(nn.Module):
    """Logits for the two arms, out of the two numbers that `hidden` makes of a point."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        # solution
        layers = [Linear(2, width), nn.Tanh(), Linear(width, width), nn.Tanh(), Linear(width, width), nn.Tanh()]
        last = Linear(width, 2)
        for p in last.parameters():
            nn.init.zeros_(p)
        self.fold = Sequential(*layers, last)
        self.head = Linear(2, 2)

    def hidden(self, x: Float[Tensor, "points 2"]) -> Float[Tensor, "points 2"]:
        """Where each point has been moved to."""
        # solution
        return x + self.fold(x)

    def forward(self, x: Float[Tensor, "points 2"]) -> Float[Tensor, "points 2"]:
        # solution
        return self.head(self.hidden(x))


if __name__ == "__main__":
    tests.test_SpiralMLP(SpiralMLP)


# %% [markdown] lang="zh" tags=["hint"]
# `fold` 的最后没有 tanh：平面不该被压进一个方框。
# 从 0 出发：`nn.init.zeros_(layer.weight)`，偏置也一样。
# %% [markdown] lang="en" tags=["hint"]
# There is no tanh at the end of `fold`: the plane shouldn't be pressed into a box.
# To begin at 0: `nn.init.zeros_(layer.weight)`, and its bias too.
# %% [markdown] lang="zh"
# ### 练习 · 看它解开 · 20 分钟
#
# 训练 `steps` 步：`torch.optim.Adam`，除学习率外都用默认设置，损失是交叉熵，所有的点作一批。
# 训练之前，以及之后每 `every` 步，拍一张照：每个点在隐藏层里的位置，还有头所画的直线；照片都不连着计算图。
# %% [markdown] lang="en"
# ### Exercise · watch it unfold · 20 min
#
# Train for `steps` steps: `torch.optim.Adam`, all but the learning rate at its default, the loss is the cross-entropy, all points in one batch.
# Before the training and then after every `every` steps, take a picture: where each point lies in the hidden layer, and the line that the head draws; no picture hangs on a graph.
# %% exercise="unfold" difficulty=3 importance=3 minutes=20
def unfold(
    model: SpiralMLP, x: Float[Tensor, "points 2"], y: Int[Tensor, " points"], steps: int, lr: float, every: int
) -> tuple[Float[Tensor, "frames points 2"], Float[Tensor, "frames 3"]]:
    """`model.hidden(x)` in each frame, and (a, b, c) of its head: logit 1 minus logit 0 is a·h₀ + b·h₁ + c."""
    # solution
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    frames, lines = [], []
    for step in range(steps + 1):
        if step % every == 0:
            with torch.no_grad():
                frames.append(model.hidden(x))
                weight, bias = model.head.weight, model.head.bias
                lines.append(torch.cat([weight[1] - weight[0], bias[1:] - bias[:1]]))  # type: ignore
        if step < steps:
            fit(model, [(x, y)], optimizer, epochs=1)
    return torch.stack(frames), torch.stack(lines)


if __name__ == "__main__":
    if tests.test_unfold(unfold) and tests.test_two_spirals(two_spirals) and tests.test_SpiralMLP(SpiralMLP):
        torch.manual_seed(0)
        folder, (x, y) = SpiralMLP(), two_spirals(200, 1.5, 0.01, torch.Generator().manual_seed(0))
        frames, lines = unfold(folder, x, y, steps=300, lr=3e-3, every=5)
        right = (torch.einsum("fpd,fd->fp", frames, lines[:, :2]) + lines[:, 2:] > 0) == y
        print(
            f"a line parts {right[0].float().mean():.0%} of the points at first, {right[-1].float().mean():.0%} at last"
        )
        figures.unfolding(frames, lines, y).show()

# %% [markdown] lang="zh" tags=["hint"]
# 每一步用 `fit(model, [(x, y)], optimizer, epochs=1)`；优化器只造一次。
# %% [markdown] lang="en" tags=["hint"]
# Make each step with `fit(model, [(x, y)], optimizer, epochs=1)`; make the optimiser once.
# %% [markdown] lang="zh" tags=["hint"]
# 头的两行相减：`weight[1] - weight[0]` 和 `bias[1] - bias[0]`，就是直线的三个数；在 `torch.no_grad()` 里算，照片就不连着计算图。
# %% [markdown] lang="en" tags=["hint"]
# Subtract the head's rows: `weight[1] - weight[0]` and `bias[1] - bias[0]` are the line's three numbers; computed under `torch.no_grad()`, the pictures hang on no graph.
