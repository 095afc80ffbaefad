# %% [markdown] lang="zh" order=3
# # 第 2 天 · 看进网络里面
#
# 前两课你造了网络，这一课打开它。你会给任何模型的任何一层接上“水龙头”，找出 NaN 是谁造的，让一个学过 0 到 4 的网络帮着认 5 到 9，量出滤波器有多像边缘，造出网络最想看到的图，关掉一个通道看哪个数字最先认不出来，最后看着一个小网络把两条螺旋线解开。
#
# **先修**：`part0_tensors`（梯度、视图），`part0_maths`（tanh、`ablate` 和它的记录），`part0_chance`（交叉熵），`part2_cnns`（模块、缓冲区、`fit`、`train` 与 `eval`），`part2_resnets`（卷积、批归一化、`SmallResNet`、`predict`）。
# **时间**：约 3 个半小时；第 3 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint add_hook`，自测用 `coach questions`。
#
# 整课的规矩：函数不改动传入的张量；除非练习另有说明，结果的 dtype 与输入相同。
# 前两课的 `Linear`、`SmallResNet`、`fit` 等等直接拿来用，不管你自己的写完没有；改用 `torch.nn` 里同名的也算对。
# 评判只给各练习写明的那种输入；没写明的情形不评判，其余的名字和写法不限。
# %% [markdown] lang="en"
# # Day 2 · a look inside
#
# In the last two lessons you built networks; now you open one. You put a tap on any layer of any model, find out which layer made a NaN, let a network that learned 0 to 4 help to read 5 to 9, measure how much a filter is like an edge, make the picture that a network would love to see, silence a channel and watch which digit suffers first, and at the end see a small network unfold two spirals.
#
# **You need** `part0_tensors` (gradients, views), `part0_maths` (tanh, `ablate` and its log), `part0_chance` (cross-entropy), `part2_cnns` (modules, buffers, `fit`, `train` and `eval`) and `part2_resnets` (convolution, batch norm, `SmallResNet`, `predict`).
# **Time**: about three and a half hours; after section 3 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint add_hook` helps when you are stuck, `coach questions` asks the self-check.
#
# Two rules hold in the whole lesson: a function leaves the tensors that it is given unchanged, and its result has their dtype, unless the exercise says otherwise.
# The `Linear`, `SmallResNet`, `fit` and so on of the last two lessons are there for you, whether or not you have finished your own; those of `torch.nn` are accepted as well.
# You are judged only on inputs as the exercises describe them; cases not described aren't judged, and all other names and ways of writing are free.
# %%
import copy
import json
import math
from collections.abc import Callable
from pathlib import Path

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

# %% [markdown] lang="zh" tags=["question"] see="part2_resnets.BatchNorm2d"
# 先回想上一课，不要翻看：批归一化里哪些数*不是*参数？它们什么时候变？
# %% [markdown] lang="en" tags=["question"] see="part2_resnets.BatchNorm2d"
# From the last lesson, without looking up: which numbers of a batch norm are *not* parameters? When do they change?
# %% [markdown] lang="zh" tags=["answer"]
# `running_mean`、`running_var` 和 `num_batches_tracked`：它们是缓冲区（buffer）。
# 它们在 `train` 模式的每次前向里更新，与梯度、优化器都无关；`eval` 模式里只读不写。
# 第 2 节要靠这一点。
# %% [markdown] lang="en" tags=["answer"]
# `running_mean`, `running_var` and `num_batches_tracked`: they are buffers.
# Each forward pass in `train` mode updates them, whatever gradients and optimisers do; in `eval` mode they are read and not written.
# Section 2 depends on it.
# %% [markdown] lang="zh"
# ## 1 · 钩子
# ### 只看得见两头
#
# 先训练这一课要打开的网络：一个窄的 `SmallResNet`，只要几秒。
# `model(images)` 只给出 logits，中间的值算完就丢了。
# 想看第三层的输出，可以改写 `forward`，可是每个模型都要改一遍，看完还要改回来；别人写的模型，或者 `Sequential`，`forward` 不是你的，改起来更麻烦。
#
# PyTorch 给每个模块留了一个接口：登记一个函数，模块每次算完就会叫它，这个函数叫钩子（hook）。
# 就像在水管上接一个水龙头：水照样流，你接一杯看看。
# 与水龙头不同的是，钩子还能把水换掉，下面会看到。
# 这种钩子只能挂在模块上：`forward` 里的 `F.relu(x)` 调用的是普通函数，没有地方可挂；想看它的结果，就改用 `ReLU` 模块，或者看接在它后面的那个模块收到的输入。
#
# 登记时得到一个句柄（handle）：凭它可以把这个钩子取下，`handle.remove()`。
# %% [markdown] lang="en"
# ## 1 · Hooks
# ### Only both ends can be seen
#
# First train the network that this lesson opens: a narrow `SmallResNet`, in a few seconds.
# `model(images)` returns the logits only; what the layers in between returned isn't kept.
# To see what the third layer returns you could rewrite `forward`, but you would do so for every model, and undo it afterwards; and in a `Sequential`, or in somebody else's model, the `forward` isn't yours.
#
# PyTorch has a place for this in every module: register a function, and the module calls it each time it has finished; such a function is called a **hook**.
# It is like a tap on a pipe: the water flows on, and you take a glass of it to look at.
# Unlike a tap, a hook can also exchange the water, as you will see.
# Only modules can have such hooks: `F.relu(x)` in a `forward` calls a plain function; to see its result, use a `ReLU` module, or look at the next module's input.
#
# Registering gives you a **handle**, with which you can take this hook off: `handle.remove()`.
# %% [markdown] lang="zh" tags=["question"] see="add_hook"
# 先预测，再运行下一格：第一个 ReLU 一共算三次，会打印几行？
# %% [markdown] lang="en" tags=["question"] see="add_hook"
# Predict, then run the next cell: the first ReLU computes three times; how many lines does the hook print?
# %% [markdown] lang="zh" tags=["answer"]
# 一行。第一遍调用的是整个模型，`reader(…)`，钩子被叫到；第二遍用的是 `layer.forward(…)`，绕过了钩子：叫钩子的不是 `forward`，而是外面那层 `__call__`。第三遍时钩子已经取下。
# 所以调用模块永远写 `layer(x)`，不写 `layer.forward(x)`。
# %% [markdown] lang="en" tags=["answer"]
# One line. The first time the whole model is called, `reader(…)`, and so is the hook; the second, `layer.forward(…)`, goes around it: hooks are called not by `forward` but by the `__call__` around it. Before the third time the hook has been taken off.
# So always call a module as `layer(x)`, never as `layer.forward(x)`.
# %%
if __name__ == "__main__":
    reader, _, accuracies = train_with_validation(TrainArgs(lambda: SmallResNet(width=8), epochs=12))
    reader.eval()
    print(f"held-out digits right: {accuracies[-1]:.1%}")
    digit, layer, caught = get_digits(train=False)[9][0], reader.get_submodule("body.2"), []  # a 3; the first ReLU

    def tap(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        print(f"{type(module).__name__}: {len(inputs)} input of {tuple(inputs[0].shape)}, output {tuple(output.shape)}")
        caught.append(output.detach())

    handle = layer.register_forward_hook(tap)
    reader(digit[None])
    layer.forward(torch.zeros(1, 8, 8, 8))
    handle.remove()
    reader(digit[None])
    figures.tapped(digit, caught[0][0]).show()


# %% [markdown] lang="zh" numbers="3 6 12"
# ### 规则
#
# 前向钩子的样子固定是 `hook(module, inputs, output)`：刚算完的模块、它收到的输入（总是一个*元组*，写明了参数名传进来的不在里面）、它的输出。
# - 返回 `None`（或不写 `return`）：什么也不变。
# - 返回一个张量：它*取代*模块的输出，后面的层收到的就是它。
# - 用 `register_forward_pre_hook` 挂上的钩子在 `forward` *之前*叫：它只收到 `(module, inputs)`，因为还没有输出；它返回的东西取代*输入*。
# - 里面的模块先算完，所以里面的钩子先叫，最外层的最后叫。
# - 同一个模块可以挂几个钩子，按登记的顺序叫，各有各的句柄。
# - 一个模块在一次前向里用了两次，它的钩子就叫两次；把输出按模块的名字存进字典，留下的只有第二次的。
# - 叫钩子的是 `model(x)`：它先调用 `forward`，再叫钩子。直接写 `model.forward(x)`，就绕过了这个模型自己的钩子，所以上一格的第二次什么也没打印。
#
# 手算：`nn.Identity()` 原样返回输入。给它挂一个“乘 2”的钩子，输入 3，输出是 6；再挂一个同样的，是 12；两个都取下，又是 3。
# 那么“钩子只是看看”对不对？要看它返回什么。
# 还有一个暗门：钩子收到的 `output` 就是要往下传的那个张量，不是拷贝；在里面原地修改（`output[0] = 0`），什么都不返回也改动了结果。
# 钩子存下来的输出会一直占着内存，带着计算图的还连累算出它的一切：所以上面存的是 `output.detach()`。可是列表照样每来一批就长一截；要跑完一整轮，就只留需要的数，例如累加的和。
# %% [markdown] lang="en" numbers="3 6 12"
# ### The rules
#
# A forward hook has the form `hook(module, inputs, output)`: the module that has just finished, its inputs (always a *tuple*; arguments passed by name aren't in it), and its output.
# - If the hook returns `None` (or has no `return`), nothing changes.
# - If it returns a tensor, this *takes the place* of the module's output, and the next layers get it.
# - A hook hung up by `register_forward_pre_hook` is called *before* `forward`: it gets `(module, inputs)` only, there is no output yet, and what it returns takes the place of the *inputs*.
# - Inner modules finish first, so their hooks are called first, and those of the outermost module last.
# - A module may have several hooks; they are called in the order in which they were registered, and each has its own handle.
# - If a forward pass uses a module twice, its hook is called twice; a dictionary that keeps outputs by the module's name keeps the second one only.
# - It is `model(x)` that calls the hooks, after it has called `forward`. `model.forward(x)` goes past the model's own hooks; so the second of the three above printed nothing.
#
# By hand: `nn.Identity()` returns its input. Hang a hook on it that multiplies by 2, and for 3 the output is 6; hang up a second one, and it is 12; take both off, and it is 3 again.
# So is it right that "a hook only looks"? That depends on what it returns.
# And there is a back door: the `output` that a hook gets is the very tensor that is passed on, not a copy; change it in place (`output[0] = 0`), and the result changes although nothing was returned.
# An output that a hook stores stays in memory, and with its graph also all that it was computed from: so the tap above stores `output.detach()`. Even so the list grows with every batch; over a whole epoch keep only the numbers that you need, such as a sum.
# %%
if __name__ == "__main__":
    same, three = nn.Identity(), torch.tensor([3.0])

    def double(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        return 2 * output

    print("no hook:", same(three).item())
    handles = []
    for number in (1, 2):
        handles.append(same.register_forward_hook(double))
        print(f"{number} hooks that double:", same(three).item())
    for handle in handles:
        handle.remove()
    print("all taken off:", same(three).item())
    handle = same.register_forward_pre_hook(lambda module, inputs: 10 * inputs[0])
    print("with a hook before forward:", same(three).item())
    handle.remove()

    def erase(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        output[0] = 0  # in place, and nothing is returned

    same.register_forward_hook(erase)
    print("changed in place:", same(three.clone()).item())


# %% [markdown] lang="zh"
# ### 只留需要的数
#
# 死掉的 ReLU（`part2_cnns`）对所有的图都输出 0。怎样知道一层里有没有？
# 不必存下每一批的输出：钩子只留一张真假表，每个单元一格，“到现在为止大于 0 过吗”，每来一批就“或”进去。
# 手算：三个单元，第一批大于 0 过的是（真，假，假），第二批是（假，假，真），并起来是（真，假，真）：只有中间那个还没亮过。
# %% [markdown] lang="en"
# ### Keep only what you need
#
# A dead ReLU (`part2_cnns`) returns 0 for all pictures. How do you find out whether a layer has any?
# Don't store the outputs of all batches: the hook keeps one table of truth values, with one entry for each unit, "was it above 0 so far?", and joins each batch to it by "or".
# By hand: of three units (true, false, false) were above 0 in the first batch, (false, false, true) in the second, so (true, false, true) together: only the middle one hasn't been on yet.
# %% [markdown] lang="zh" tags=["question"] see="add_hook"
# 先预测，再运行：第一个 ReLU 每张图有 512 个单元。看过 20 张之后，还没亮过的单元里，有多少真的到最后也没亮？
# %% [markdown] lang="en" tags=["question"] see="add_hook"
# Predict, then run: the first ReLU has 512 units for each picture. Of those that haven't been on after 20 pictures, how many turn out never to be on at all?
# %% [markdown] lang="zh" tags=["answer"]
# 在我们这里只有五分之一：20 张之后有五十来个没亮过，看完 360 张只剩十来个。
# 一批只能证明“活着”，证明不了“死了”；看完全部，也只能说“在这些数据上没有亮过”，换一批图也许就亮了。
# 剩下的几乎都在图的最左、最右两列，那里的像素几乎总是黑的：是数据没有叫到它们，不一定是训练弄死的。
# %% [markdown] lang="en" tags=["answer"]
# A fifth of them here: some fifty haven't been on after 20 pictures, and some ten are left after all 360.
# One batch can show that a unit is alive, never that it is dead; and after all of them you can only say "not on these data": other pictures may turn it on.
# Nearly all that are left stand in the first and the last column of the picture, where pixels are nearly always black: the data never called on them, and training needn't have killed them.
# %%
if __name__ == "__main__":
    ever, seen = torch.zeros(8, 8, 8, dtype=torch.bool), 0

    def remember(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        ever.logical_or_((output > 0).any(dim=0))  # in place; `any` goes over the pictures of this batch

    handle = layer.register_forward_hook(remember)
    for (batch,) in DataLoader(TensorDataset(get_digits(train=False)[:][0]), 20):
        predict(reader, batch)
        seen += len(batch)
        if seen in (20, 80, 360):
            print(f"after {seen:3} pictures: {int((~ever).sum())} of {ever.numel()} units never on")
    handle.remove()
    print("columns of those that are left:", sorted({place[2] for place in (~ever).nonzero().tolist()}))


# %% [markdown] lang="zh"
# ### 练习 · 挂上钩子 · 10 分钟
#
# 把 `hook` 挂到模型自己和它里面的*每一个*模块上，不论藏得多深，返回所有句柄的列表。
# 例如 `Sequential(Linear(3, 4), Sequential(ReLU()))` 有四个模块（两个 `Sequential`、`Linear`、`ReLU`），返回四个句柄。
# - 每个模块只挂一次：同一个模块在模型里用了三次，也只有一个句柄。
# - 是前向钩子：在前向*之后*叫。
# - 挂上的就是 `hook` 本身，它返回的张量要能取代输出。
# - 别人挂的钩子不动。
#
# 这一节的其余部分和以后每次查错都用得上它。
# %% [markdown] lang="en"
# ### Exercise · add a hook · 10 min
#
# Hang `hook` on the model itself and on *every* module inside, however deep, and return the list of all handles.
# `Sequential(Linear(3, 4), Sequential(ReLU()))`, for example, has four modules (two `Sequential`, the `Linear`, the `ReLU`), and four handles come back.
# - Each module gets it once: a module that the model uses three times has one handle, too.
# - It is a forward hook: it is called *after* the forward.
# - Hang up `hook` itself, so that a tensor that it returns takes the place of the output.
# - Other people's hooks stay.
#
# The rest of this section needs it, and so does every search for an error later.
# %% exercise="add_hook" difficulty=2 importance=4 minutes=10
Hook = Callable[[nn.Module, tuple, Tensor], Tensor | None]


def add_hook(model: nn.Module, hook: Hook) -> list[RemovableHandle]:
    """The handles of `hook` as a forward hook of `model` and of every module in it, each once."""
    # solution
    return [module.register_forward_hook(hook) for module in model.modules()]


if __name__ == "__main__":
    if tests.test_add_hook(add_hook):
        small = SmallResNet(width=4)
        add_hook(small, lambda module, inputs, output: print(f"{type(module).__name__:14}{tuple(output.shape)}"))
        small(torch.zeros(1, 1, 8, 8))  # the inner modules first, the whole model last


# %% [markdown] lang="zh" tags=["hint"]
# 怎样走遍一棵模块的树？有一个方法给出模型自己和里面的所有模块，每个只给一次；另一个方法只往下走一层。
# %% [markdown] lang="en" tags=["hint"]
# How do you walk through a tree of modules? One method yields the model and all modules inside, each once; another goes down one level only.
# %% [markdown] lang="zh" tags=["hint"]
# 比较 `model.modules()` 与 `model.children()`；对每个模块登记一次，把得到的东西收进列表。
# %% [markdown] lang="en" tags=["hint"]
# Compare `model.modules()` with `model.children()`; register once on each module, and collect what you get in a list.
# %% [markdown] lang="zh"
# ### 练习 · 取下钩子 · 5 分钟
#
# 取下这些句柄的钩子，只取这些：别人的钩子留着。
# 例如挂了五个，给出其中两个句柄，还剩三个会被叫到。
# 忘了取下的钩子不会报错：它每次前向都悄悄执行，拖慢速度，或者把旧的改动带进下一个实验。
# 把挂钩子的那一格运行两遍，钩子就挂了两份，每次前向都叫两遍；如果同一个变量名已经指着新的句柄，旧句柄就丢了，头一份再也取不下来。
# - 已经取下的句柄再取一次，不许报错；空列表也不许。
# - 别种钩子的句柄（例如前向*之前*的）也要能取下；列表本身怎样处理随你。
# %% [markdown] lang="en"
# ### Exercise · remove hooks · 5 min
#
# Take off the hooks of these handles, and only these: other people's hooks stay.
# If five hooks were hung up and you get two of the handles, for example, three hooks are still called.
# A hook that is forgotten raises no error: it runs silently in every forward pass, slows things down, or carries an old change into the next experiment.
# Run the cell that adds a hook twice, and each forward calls the hook twice. If the variable now holds the new handle, the old one is lost, and the first hook can't be taken off any more.
# - A handle whose hook is off already, or an empty list, raises no error.
# - Handles of other kinds of hooks (those called *before* the forward, say) can be taken off as well; what becomes of the list is up to you.
# %% exercise="remove_hooks" difficulty=1 importance=4 minutes=5
def remove_hooks(handles: list[RemovableHandle]) -> None:
    """Takes off the hooks of these handles; one that is off already does no harm."""
    # solution
    for handle in handles:
        handle.remove()


if __name__ == "__main__":
    tests.test_remove_hooks(remove_hooks)


# %% [markdown] lang="zh" tags=["hint"]
# 句柄是 `RemovableHandle`：在编辑器里看看它有哪些方法，前面的例子用过其中一个。
# %% [markdown] lang="en" tags=["hint"]
# A handle is a `RemovableHandle`: see in the editor which methods it has; an example above used one of them.
# %% [markdown] lang="zh"
# ### NaN 会传染
#
# 训练到一半，损失变成 `nan`（不是数，例如 $0/0$、$\infty - \infty$、$\ln(-1)$）。
# 是损失函数的错吗？多半不是：NaN 参与的加、减、乘，结果都是 NaN，所以它一旦出现，就沿着网络一路传到损失。
# 你看到它的地方，往往不是它产生的地方。
#
# 手算：输入 $-4$，依次开平方、加 1、乘 0。$\sqrt{-4}$ 是 NaN，NaN + 1 是 NaN，NaN · 0 也是 NaN，哪怕乘的是 0。
# 三步的输出都是 NaN，输入不是：*第一个*给出 NaN 的，就是造它的那一步。
#
# 认出 NaN 不能用 `==`：它和任何数都不相等，和自己也不相等；用 `isnan()`。
# 无穷不是 NaN，它有时是对的（例如被遮住的位置填 $-\infty$）；但 $\infty - \infty$、$\infty\cdot 0$ 和 $\infty/\infty$ 都是 NaN。`isnan()` 看不见 `inf`；两样都要查，就用 `isfinite()`：遇到 NaN 或无穷，它都是假。
# %% [markdown] lang="en"
# ### NaN spreads
#
# Half-way through training the loss becomes `nan` (not a number, as from $0/0$, $\infty - \infty$ or $\ln(-1)$).
# Is the loss function to blame? Mostly not: add, subtract or multiply a NaN, and the result is NaN; so once it is there, it goes through the network as far as the loss.
# Where you see it is often not where it was made.
#
# By hand: from $-4$ on, take the root, add 1, multiply by 0. $\sqrt{-4}$ is NaN, NaN + 1 is NaN, and even NaN · 0 is NaN.
# All three outputs are NaN, the input isn't: the *first* step that returns NaN made it.
#
# You can't recognise NaN by `==`: it equals no number, and not even itself; use `isnan()`.
# Infinity is no NaN, and may be right (masked places are filled with $-\infty$, say); but $\infty - \infty$, $\infty\cdot 0$ and $\infty/\infty$ are NaN. `isnan()` doesn't notice `inf`; to search for both use `isfinite()`, which is false for NaN and for infinity.
# %% [markdown] lang="zh" tags=["question"] see="hook_check_for_nan_output"
# 先预测，再运行下一格：最大值、ReLU、求和，哪一个能“挡住”NaN？`max(0, nan)` 呢？
# %% [markdown] lang="en" tags=["question"] see="hook_check_for_nan_output"
# Predict, then run the next cell: which of maximum, ReLU and sum "stops" a NaN? And what of `max(0, nan)`?
# %% [markdown] lang="zh" tags=["answer"]
# PyTorch 的三个都不挡：这是有意的，悄悄吞掉的 NaN 更难查。
# Python 自己的 `max(0, nan)` 却给出 0：它问“nan 比 0 大吗”，而拿 NaN 比大小，结果总是假；换个顺序 `max(nan, 0)`，又得到 nan。
# %% [markdown] lang="en" tags=["answer"]
# None of PyTorch's three: on purpose, since a NaN that disappears in silence is harder to find.
# Python's own `max(0, nan)` does give 0: it asks whether nan is greater than 0, and whether NaN is greater or less, the answer is always false; in the other order, `max(nan, 0)` gives nan.
# %%
if __name__ == "__main__":
    value = torch.tensor([-4.0, 9.0])
    for name, step in (("root", torch.sqrt), ("plus 1", lambda x: x + 1), ("times 0", lambda x: x * 0)):
        value = step(value)
        print(f"{name:8}", value.tolist())
    print("maximum", value.max().item(), "relu", value.relu().tolist(), "sum", value.sum().item())
    print("max(0, nan):", max(0, math.nan), " max(nan, 0):", max(math.nan, 0), " nan == nan:", math.nan == math.nan)


# %% [markdown] lang="zh"
# ### 练习 · 谁造出了 NaN · 10 分钟
#
# 写一个钩子：输出里只要有一个 NaN，就报 `ValueError`，错误的文字里有模块的类名，例如 `Linear`；否则返回 `None`，什么也不做。
# 挂到所有模块上，里面的模块先算完，也先被检查。第一个报错的模块，收到的输入里若没有 NaN，NaN 就是它造的；若有，就是模块之间的普通函数造的，或者模型的输入里本来就有。
# - `output` 是一个张量，或一个元组；元组里可以有张量、`None` 和别的元组，多深都有可能：每个张量都要看。例如 `nn.LSTM`（一种处理序列的层）返回 `(output, (h, c))`。
# - 无穷放行，一个输出里同时有 $\infty$ 和 $-\infty$ 也放行：所以不能先求和再看，那个和就是 NaN。
# - 只看输出：输入里有 NaN、输出里没有，就放行；`inputs` 可以是空元组。
# - 类名是 `type(module).__name__`；文字里其余的话随你写。
# %% [markdown] lang="en"
# ### Exercise · who made the NaN? · 10 min
#
# Write a hook that raises `ValueError` as soon as there is one NaN in the output, with the name of the module's class in the message, such as `Linear`; otherwise it returns `None` and does nothing.
# Hang it on all modules: inner ones finish first, and are checked first. The first that raises made the NaN, if its own input had none; otherwise it came from a plain function between modules, or from the model's input.
# - `output` is a tensor, or a tuple; a tuple may hold tensors, `None` and further tuples, to any depth: look at every tensor. `nn.LSTM` (a layer for sequences), for example, returns `(output, (h, c))`.
# - Infinity passes, also $\infty$ and $-\infty$ in one output: so don't test the sum of the output, which would be NaN.
# - Only the output counts: NaN in the input and none in the output passes; `inputs` may be an empty tuple.
# - The class's name is `type(module).__name__`; the other words of the message are up to you.
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
        sick = Sequential(Linear(3, 4), ReLU(), Linear(4, 2))
        with torch.no_grad():
            next(sick[2].parameters())[0, 0] = math.nan
        add_hook(sick, hook_check_for_nan_output)
        try:
            sick(torch.randn(1, 3))
        except ValueError as error:
            print(error)


# %% [markdown] lang="zh" tags=["hint"]
# 遇到元组怎么办？对它的每一部分做同样的事：可以递归，也可以用一个不断变长的列表。
# %% [markdown] lang="en" tags=["hint"]
# What do you do with a tuple? The same with each of its parts: by recursion, or with a list that grows.
# %% [markdown] lang="zh" tags=["hint"]
# 三种情形：元组，往里走；张量，`isnan().any()`；别的，跳过。
# %% [markdown] lang="en" tags=["hint"]
# Three cases: go into a tuple; of a tensor ask `isnan().any()`; skip anything else.
# %% [markdown] lang="zh" tags=["question"] see="hook_check_for_nan_output"
# 上面的模型有两个 `Linear`，错误里却只有类名：钩子不知道模块在模型里叫什么。怎样查出是哪一个？
# %% [markdown] lang="en" tags=["question"] see="hook_check_for_nan_output"
# The model above has two `Linear`, and the message only names the class: a hook doesn't know what its module is called in the model. How do you find out which one it is?
# %% [markdown] lang="zh" tags=["answer"]
# `model.named_modules()` 给出每个模块和它的名字，例如 `"2"` 或 `"body.3"`。
# 可以给每个模块挂一个记得自己名字的钩子：`for name, module in model.named_modules()` 里登记 `lambda *given, name=name: …`。
# `name=name` 不能省：不写，所有钩子记住的都是循环的最后一个名字（`part0_tools` 里的闭包陷阱）。
# %% [markdown] lang="en" tags=["answer"]
# `model.named_modules()` yields each module with its name, such as `"2"` or `"body.3"`.
# So give each module a hook that remembers its own name: in `for name, module in model.named_modules()` register `lambda *given, name=name: …`.
# Don't leave out `name=name`: without it all hooks remember the loop's last name (the trap of closures in `part0_tools`).
# %% [markdown] lang="zh" numbers="325 77104"
# ## 2 · 借用特征
# ### 主干与头
#
# 一个网络学过 0 到 4，从没见过 5 到 9。现在要它认 5 到 9，每类只有 100 张图。从头来过吗？
# 它的大部分也许已经懂得笔画、弯、圈；这些对 5 到 9 一样有用。只有最后一步，“哪些笔画合起来算哪个数字”，是老任务专有的。
#
# 所以把网络看成两段。
# 最后那个线性层叫分类头（head），在 `SmallResNet` 里就叫 `head`：它把特征变成各类的分数。
# 它之前的一切叫主干（backbone），这里叫 `body`：它把一张图变成 64 个数，也就是 64 个特征。
# 迁移学习（transfer learning）最省事的做法：主干原样拿来，冻结（不再学习），只换一个新的头。
# 新数据够多，或者与旧的很不一样、旧特征不够用，就值得让主干也用很小的学习率接着学：这叫微调（fine-tuning），第 4 天再做。
#
# 数一数：`SmallResNet(n_classes=5)` 的头有 64·5 个权重和 5 个偏置，共 325 个；主干有 77104 个。要学的不到两百分之一。主干若给出 512 个特征、要分 10 类，头就有 512·10 + 10 = 5,130 个。新的头还什么都不知道，损失从瞎猜附近出发：5 类约 $\ln 5 \approx 1.6$，10 类约 $\ln 10 \approx 2.3$。
# 标注少的时候，为什么先只学头？参数多、图少，容易过拟合；随机的头一开始给出的梯度也是乱的，可能先把好特征冲坏。从头训练所有的参数会不会过拟合，这一节的最后一格会量。
# 图要照主干见过的样子准备。主干若是用 224×224 的彩色照片训练的，8×8 的灰度图就要放大（`F.interpolate`）、复制成三个通道，再减去*它*训练时用的均值、除以它的标准差。漏了最后一步不报错，只是特征偏了，准确率低了。
# %% [markdown] lang="en" numbers="325 77104"
# ## 2 · Borrowed features
# ### Body and head
#
# One network has learned 0 to 4 and has never seen 5 to 9. Now it has to read 5 to 9, with only 100 pictures of each. Do you start from scratch?
# Most of it may know strokes, bends and loops by now, and these are just as useful for 5 to 9. Only the last step, which strokes make which digit, belongs to the old task.
#
# So think of a network as two parts.
# The last linear layer is its **head**, and `SmallResNet` calls it `head`: it turns features into scores for the classes.
# All that comes before is the **backbone**, here called `body`: it turns a picture into 64 numbers, which are its 64 features.
# The simplest form of **transfer learning** takes the backbone as it is, freezes it (it no longer learns), and puts a new head on it.
# Where new pictures are many, or so unlike the old that the old features don't suffice, it can pay to let the backbone learn as well, with a small learning rate: that is **fine-tuning**, on day 4.
#
# Count: the head of `SmallResNet(n_classes=5)` has 64·5 weights and 5 biases, together 325; the body has 77104. Less than a two-hundredth is left to learn. For a body of 512 features and 10 classes the head would have 512·10 + 10 = 5,130. A new head knows nothing, so its loss begins near that of guessing: about $\ln 5 \approx 1.6$ for 5 classes, about $\ln 10 \approx 2.3$ for 10.
# Why only the head, where labels are few? With many parameters and few pictures a network easily overfits; and the first gradients that come through a random head are random, too, and may spoil good features. This section's last cell measures whether training all from scratch overfits here.
# Prepare pictures as the body knows them. For one trained on colour photographs of 224×224, a grey picture of 8×8 is enlarged (`F.interpolate`), repeated to three channels, and then normalised with the mean and standard deviation of *that* training. Without the last step no error is raised, but the features are off and the accuracy is lower.
# %%
def some_digits(train: bool, first: int, last: int, per_class: int | None = None) -> TensorDataset:
    """The digits from `first` to `last`, labelled from 0 on; at most `per_class` images of each."""
    images, labels = get_digits(train)[:]
    chosen = [(labels == digit).nonzero()[:per_class, 0] for digit in range(first, last + 1)]
    return TensorDataset(images[torch.cat(chosen)], labels[torch.cat(chosen)] - first)


if __name__ == "__main__":
    torch.manual_seed(0)
    learned, low = SmallResNet(n_classes=5), some_digits(False, 0, 4)
    loader = DataLoader(some_digits(True, 0, 4), 64, shuffle=True)
    fit(learned, loader, torch.optim.Adam(learned.parameters(), lr=3e-3), epochs=3)
    in_body, in_head = (sum(p.numel() for p in part.parameters()) for part in (learned.body, learned.head))
    print(f"trained on 0 to 4: {accuracy(learned, low):.1%} right; parameters in body and head: {in_body}, {in_head}")
    figures.borrowed(in_body, in_head).show()

# %% [markdown] lang="zh"
# ### 冻结，冻的是什么
#
# `p.requires_grad_(False)` 让一个参数不再要求梯度：反向传播不再给它 `.grad`，而 `.grad` 是 `None` 的，优化器就跳过。模块也有同名的方法，一次管住里面的所有参数。
# 练到一半才冻，旧的 `.grad` 还在；哪怕清成 0，参数也照样动，因为 Adam 记着以前各步梯度的平均（第 4 天）。
# 所以要把 `.grad` 设成 `None`，或者为要学的参数另造一个优化器。
# 与 `torch.no_grad()` 不同：那个管的是一段*时间*，里面什么图都不建；`requires_grad_(False)` 管的是这个*参数*，别的照常学。头要学，所以 `no_grad` 只能围住主干，不能把头也围进去。
# 冻结的权重自己不动，却照样让梯度*穿过*：在主干*前面*加一个要学的层，它的梯度就从主干里传回来。用 `no_grad` 围住主干会把这条路切断，所以只有主干前面没有东西要学时才能那样做。
# 还有第三种办法：主干照旧，只是不把它的参数交给优化器。权重同样不变，可是梯度仍然要算，还堆在 `.grad` 里，白费时间和内存；前两种把这笔开销省了。
# 能省多少？主干前面没有要学的，反向走到头就停了；反向原本约有前向的两倍，所以一步只剩三分之一左右的时间。
# 也不必再存各层为反向留着的输出，主干的 `.grad`，和 Adam 为它的参数记的平均。
# %% [markdown] lang="en"
# ### What freezing freezes
#
# After `p.requires_grad_(False)` a parameter asks for no gradient: the backward pass gives it no `.grad` any more, and an optimiser skips it where `.grad` is `None`. Modules have a method of the same name, for all parameters inside at once.
# If you freeze in the middle of training, the old `.grad` stays. Even if it has been set to 0, the parameter moves on, since Adam keeps an average of earlier gradients (day 4).
# So set `.grad` to `None`, or make a new optimiser for the parameters that are to learn.
# It is not `torch.no_grad()`: that one is about a stretch of *time* in which no graph is built; `requires_grad_(False)` is about this *parameter*, and the others learn on. The head has to learn, so put `no_grad` around the body only, never around the head.
# But gradients still pass *through* frozen weights: a new layer *in front of* the body learns by gradients that come back through it. `no_grad` around the body cuts that path, so use it only if nothing in front learns.
# There is a third way: leave the body as it is, and don't hand its parameters to the optimiser. Its weights stay, too, but their gradients are still computed and pile up in `.grad`, which wastes time and memory; the first two ways save that.
# How much is saved? If nothing in front of the body learns, the backward pass ends at the head; it would take about twice as long as the forward pass, so a third of the time is left.
# The outputs that the body's layers keep for the way back, its `.grad` and Adam's averages of its parameters needn't be stored either.
# %%
if __name__ == "__main__":
    for to_none in (False, True):
        late = nn.Parameter(torch.ones(3))
        adam = torch.optim.Adam([late], lr=0.1)
        late.square().sum().backward()
        adam.step()
        late.requires_grad_(False)  # too late: Adam has seen a gradient already
        adam.zero_grad(set_to_none=to_none)
        before = late.clone()
        adam.step()
        print(f"frozen late, .grad {late.grad}: the next step moves it by {(before - late).abs().max():.2f}")


# %% [markdown] lang="zh"
# 那么主干从此一动不动吗？这里有一个很多人踩过的坑。
# 下一格把学过 0 到 4 的网络连同里面的一切拷贝一份（`copy.deepcopy`），所有参数都冻结（`requires_grad_` 返回模块自己），放在 `train` 模式，让一批新数据流过几遍。这批数据出了点小差错：有人忘了除以 16，像素是 0 到 16，不是 0 到 1。
# %% [markdown] lang="en"
# So does the body never move again? Here is a common trap.
# The next cell copies the network that learned 0 to 4 with all that is inside (`copy.deepcopy`), freezes all parameters (`requires_grad_` returns the module itself), leaves it in `train` mode and lets a batch of new data flow through it a few times. Something small is wrong with this batch: somebody forgot to divide by 16, and pixels are 0 to 16 instead of 0 to 1.
# %% [markdown] lang="zh" tags=["question"] see="train_head"
# 先预测：没有优化器，没有 `backward`，所有参数都冻结。之后它认 0 到 4 的准确率会变吗？
# %% [markdown] lang="en" tags=["question"] see="train_head"
# Predict: there is no optimiser and no `backward`, and all parameters are frozen. Does its accuracy on 0 to 4 change?
# %% [markdown] lang="zh" tags=["answer"]
# 会，而且垮掉：一遍之后就掉了近两成，二十遍之后还不如瞎猜；而参数一个也没变。
# `requires_grad_(False)` 只管参数；批归一化的 `running_mean` 和 `running_var` 是缓冲区，由 `train` 模式的前向更新，与梯度无关。
# 如果新数据与旧的差不多，漂移不大，你可能一直看不出来；这正是它危险的地方。
# 所以冻结的主干要放在 `eval` 模式。
# %% [markdown] lang="en" tags=["answer"]
# It does, and it collapses: after one pass nearly a fifth of it is lost, after twenty it is no better than guessing; and no parameter has changed.
# `requires_grad_(False)` governs parameters only; `running_mean` and `running_var` of a batch norm are buffers, which a forward pass in `train` mode updates, whatever the gradients.
# Where new data are much like the old, they drift little, and you may never notice; that is the danger of it.
# So a frozen body belongs in `eval` mode.
# %%
if __name__ == "__main__":
    new, test = some_digits(True, 5, 9, per_class=100), some_digits(False, 5, 9)
    for passes in (0, 1, 20):
        frozen = copy.deepcopy(learned).requires_grad_(False)
        frozen.train()
        for _ in range(passes):
            frozen(16 * new[:][0])
        pairs = zip(frozen.parameters(), learned.parameters(), strict=True)
        unchanged = all(mine.equal(theirs) for mine, theirs in pairs)
        print(f"{passes:2} passes in train mode: {accuracy(frozen, low):.0%} right; parameters as before: {unchanged}")


# %% [markdown] lang="zh"
# ### 练习 · 冻结主干，换一个分类头 · 20 分钟
#
# 返回 `pretrained` 的一份拷贝，主干冻结，头是新的，有 `n_classes` 个输出。
# 例如 `pretrained` 的头是 12 进 4 出，`n_classes` 是 7：新的头 12 进 7 出，权重的形状是 `7 12`。
# - 原件一点不动：参数、缓冲区、模式、是否要求梯度；拷贝也不与它共用内存，它在哪个模式不限。
# - 主干的参数和缓冲区都与原件相等，只是参数不再要求梯度。
# - 头是新的 `Linear`（或 `nn.Linear`），随机出发，要求梯度；类别与原来一样多时也要新的；dtype 与旧的头相同。
# - `pretrained` 的宽度不一定是 16：头收多少个数，要从旧的头看。
# - 不给 `pretrained`，就从一个新的 `SmallResNet()` 开始，其余相同。
# %% [markdown] lang="en"
# ### Exercise · freeze the body, change the head · 20 min
#
# Return a copy of `pretrained` with its body frozen and a new head of `n_classes` outputs.
# If the head of `pretrained` goes from 12 to 4 and `n_classes` is 7, for example, the new head goes from 12 to 7, and its weight has the shape `7 12`.
# - Nothing of the original changes: parameters, buffers, modes, what asks for gradients; and the copy shares no memory with it. The copy may be in either mode.
# - All parameters and buffers of the body equal the original's, but its parameters ask for no gradients.
# - The head is a new `Linear` (or `nn.Linear`) that begins at random and asks for gradients; it is new also for as many classes as before; it has the dtype of the old head.
# - `pretrained` isn't always of width 16: how many numbers the head takes, you see from the old head.
# - Without `pretrained` begin with a fresh `SmallResNet()`; all else is the same.
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
        model = get_resnet_for_feature_extraction(5, learned)
        learning = [name for name, p in model.named_parameters() if p.requires_grad]
        print("what learns:", learning)


# %% [markdown] lang="zh" tags=["hint"]
# 哪一种拷贝会连里面的模块和张量一起拷贝，而不只是最外层？上面那一格用过。
# %% [markdown] lang="en" tags=["hint"]
# Which copy takes modules and tensors inside along, and not the outermost layer only? The cell above used it.
# %% [markdown] lang="zh" tags=["hint"]
# 顺序很要紧：先冻结还是先换头，才使新的头不被冻结？
# %% [markdown] lang="en" tags=["hint"]
# The order matters: freeze first or change the head first, so that the new head isn't frozen?
# %% [markdown] lang="zh" tags=["hint"]
# 线性层权重的形状是“出 进”：头收多少个数，看旧权重的第 1 轴。
# %% [markdown] lang="en" tags=["hint"]
# A linear layer's weight has the shape out, in: how many numbers the head takes is axis 1 of the old weight.
# %% [markdown] lang="zh"
# ### 练习 · 只训练头 · 20 分钟
#
# `model` 的主干已经冻结，只训练它的头，就地修改；返回损失的列表，一步一个 Python 的浮点数。
# 如果先换头，再冻结整个 `model`，新的头也不要求梯度了，`backward()` 就会报错，因为没有一个参数要求梯度；先冻结再换头就没事。只冻结 `model.body` 时，先后都行。
# 主干不变（eval 模式），图也不随机改动（例如随机平移），每一轮的特征就都一样：算一次存下来，之后只训练头，几乎所有的计算都省了。
# 整个数据集（`data[:]` 给出图和标签）作一批，走 `epochs` 步；例如 `epochs` 是 12，就返回 12 个数，第一个是训练之前的损失。
# - 每个损失都在这一步*之前*算：平均交叉熵，主干在 eval 模式。
# - 优化器是 `torch.optim.Adam`，除学习率 `lr` 外都用默认设置，整个训练只造一个；每步之前清空梯度。
# - `model` 来的时候可能在 train 模式；之后主干的参数和*缓冲区*都不许变。走完以后模型在哪个模式，不限。
# - 可以用 `part2_cnns` 的 `fit`；但它会把交给它的模块放到 train 模式。
# %% [markdown] lang="en"
# ### Exercise · train the head alone · 20 min
#
# The body of `model` is frozen; train only its head, in place, and return the list of losses, a Python float for each step.
# If you change the head first and then freeze all of `model`, the new head asks for no gradients either, and `backward()` raises an error, since no parameter asks for one. Freezing first is right; if only `model.body` is frozen, either order will do.
# If the body doesn't change (eval mode) and pictures aren't altered at random (shifted, say), the features are the same in every epoch: compute them once, train the head on them, and nearly all computation is saved.
# The whole data set (`data[:]` gives pictures and labels) is one batch; take `epochs` steps; with 12 `epochs`, for example, 12 numbers come back, and the first is the loss before any training.
# - Each loss is computed *before* its step: the mean cross-entropy, with the body in eval mode.
# - The optimiser is `torch.optim.Adam`, all its settings but the learning rate `lr` at their defaults, made once for the whole training; clear the gradients before each step.
# - `model` may come in train mode; afterwards no parameter and no *buffer* of the body has changed. At the end the model may be in either mode.
# - You may use `fit` of `part2_cnns`; but it puts the module that it is given into train mode.
# %% exercise="train_head" difficulty=3 importance=4 minutes=20
def train_head(model: SmallResNet, data: TensorDataset, epochs: int, lr: float) -> list[float]:
    """The mean cross-entropy in eval mode before each step; afterwards no parameter or buffer of `model.body` has changed."""
    # solution
    images, labels = data[:]
    model.eval()
    with torch.no_grad():
        features = model.body(images)  # they never change: once is enough
    return fit(model.head, [(features, labels)], torch.optim.Adam(model.head.parameters(), lr=lr), epochs)


# %% [markdown] lang="zh" tags=["hint"]
# 主干不变、图也不变，那么主干的输出变不变？需要算几次？
# %% [markdown] lang="en" tags=["hint"]
# The body doesn't change, nor do the pictures: does the output of the body? How often must it be computed?
# %% [markdown] lang="zh" tags=["hint"]
# 在 eval 模式、不求梯度时算一次特征；然后头就是一个普通的小模型，特征是它的输入。
# %% [markdown] lang="en" tags=["hint"]
# Compute the features once, in eval mode and without gradients; then the head is an ordinary small model whose inputs are these features.
# %% [markdown] lang="zh" tags=["question"] see="train_head"
# 先预测，再运行下一格。三种办法认 5 到 9，每类 100 张训练图：随机的、从没学过的主干加新的头；学过 0 到 4 的主干加新的头；一个新网络从头训练三轮。各对多少？
# %% [markdown] lang="en" tags=["question"] see="train_head"
# Predict, then run the next cell. Three ways to read 5 to 9 from 100 pictures of each: a new head on a random body that never learned; a new head on the body that knows 0 to 4; a fresh network trained whole for three epochs. How many does each get right?
# %% [markdown] lang="zh" tags=["answer"]
# 在我们这里约是 80%、92% 和 97%。第一个很容易猜得太低，第三个也是。
# 随机的主干也有用：64 个随机的特征还保留着图里的许多信息，线性的头就能从中读出不少。所以要知道“学到的特征”值多少，必须与*随机的*比，不能与瞎猜比。
# 从头训练赢了：数字图小、简单、500 张已经够。借用特征省下的是时间和要学的参数（325 个）；图大、任务难、标注少时，它往往在准确率上也占上风。
# 哪种情形是你的，只有做实验才知道；第 4 天的 `part4_experiments` 就拿这个问题做实验。
# %% [markdown] lang="en" tags=["answer"]
# About 80%, 92% and 97% here. It is easy to guess too low for the first, and for the third as well.
# A random body is of use, too: 64 random features still hold much of what is in the picture, enough for a linear head to read a good deal. So to know what *learned* features are worth, compare them with random ones, and not with guessing.
# The network trained from scratch wins: these pictures are small and easy, and 500 are enough. What borrowed features save is time, and parameters to learn (325); where pictures are large, the task is hard and labels are few, they often win in accuracy as well.
# Which case is yours, only an experiment tells; `part4_experiments` on day 4 makes one out of this question.
# %%
if __name__ == "__main__":
    right = tests.test_train_head(train_head)
    if right and tests.test_get_resnet_for_feature_extraction(get_resnet_for_feature_extraction):
        torch.manual_seed(1)
        for name, body in (("random body", SmallResNet()), ("body that knows 0 to 4", learned)):
            model = get_resnet_for_feature_extraction(5, body)
            train_head(model, new, epochs=300, lr=0.05)
            print(f"5 to 9 by a new head on a {name}: {accuracy(model, test):.0%}")
        whole = SmallResNet(n_classes=5)
        loader = DataLoader(new, 64, shuffle=True)
        fit(whole, loader, torch.optim.Adam(whole.parameters(), lr=3e-3), epochs=3)
        print(f"5 to 9 by a network trained whole: {accuracy(whole, test):.0%}")


# %% [markdown] lang="zh" numbers="1.28 0 -1.28"
# ## 3 · 滤波器在找什么
# ### 亮减暗
#
# 卷积核也叫滤波器。上一课的核 $(-1, 0, 1)$ 找的是“左暗右亮”：与它相像的地方点积大，平坦的地方是 0，相反的地方是负的。
# 动物的视觉皮层（大脑里管看的部分）里有一些细胞，只对接近某个方向的边缘响应强烈；卷积网络的第一层，不用谁教，也常常长出这样的滤波器。
# 要检验这句话，先自己造一个标准的边缘检测器，再拿学到的来比。
#
# 造法是两样东西相乘。
# - 斜坡：往亮的那边为正，往暗的那边为负，离中间越远越大。向右的斜坡就是 $x$；朝角度 $\theta$ 的斜坡是 $x\cos\theta + y\sin\theta$，也就是位置 $(x, y)$ 与方向 $(\cos\theta, \sin\theta)$ 的点积。
# - 钟形：$e^{-(x^2+y^2)/2\sigma^2}$，中间是 1，越往外越接近 0；$\sigma$ 管它多宽。它让检测器主要看附近：远处的像素分量很小。
#
# 手算一行。宽 5，$x$ 是 $-2, -1, 0, 1, 2$，$\sigma = 5/4$，钟形约是 0.28、0.73、1、0.73、0.28；乘积 $w$ 约是 $-0.56, -0.73, 0, 0.73, 0.56$。
# 左暗右亮的一行 $0, 0, 0, 1, 1$：响应 $0.726 + 0.556 = 1.28$；一行全是 1：正负抵消，0；左亮右暗的 $1, 1, 0, 0, 0$：$-1.28$。
# 后面若接 ReLU，负的响应变成 0：这种检测器看不见反过来的边缘。网络常用的办法是成对地长滤波器，大致是 $w$ 和 $-w$，各管一半。把 3×3 的竖边检测器转置，就得到横边的。
# 滤波器在平坦的地方做什么，看它各项的*和*：像素全是 $c$，响应就是 $c$ 乘这个和。边缘检测器的和是 0，所以平坦处是 0。
# 和是 1 的保持亮度，例如三个数取平均，$(\frac13, \frac13, \frac13)$：平坦的一行原样不动，$0, 0, 0, 1, 1$ 里的一跳却变成斜坡 $0, \frac13, \frac23$。这就是模糊；两种滤波器正好相反，一个只留变化，一个抹掉变化。
# %% [markdown] lang="en" numbers="1.28 0 -1.28"
# ## 3 · What filters look for
# ### Bright minus dark
#
# A convolution's kernel is also called a filter. Last lesson's kernel $(-1, 0, 1)$ looks for "dark left, bright right": where the picture is like it the dot product is large, where nothing changes it is 0, and for the opposite it is negative.
# In the visual cortex of animals (the part of the brain that sees) some cells respond strongly only to edges close to one direction; the first layer of a convolutional network often grows such filters, too, without being told.
# To check that claim, first make a standard edge detector yourself, then compare the learned filters with it.
#
# It is the product of two things.
# - A ramp: positive on the bright side, negative on the dark side, and larger further out. The ramp to the right is $x$; the ramp towards the angle $\theta$ is $x\cos\theta + y\sin\theta$, the dot product of the place $(x, y)$ with the direction $(\cos\theta, \sin\theta)$.
# - A bell: $e^{-(x^2+y^2)/2\sigma^2}$, which is 1 in the middle and comes closer to 0 further out; $\sigma$ says how wide it is. It keeps the detector local: far pixels count little.
#
# One row by hand. Of width 5, with $x$ from $-2, -1, 0, 1, 2$ and $\sigma = 5/4$, the bell is about 0.28, 0.73, 1, 0.73, 0.28; the product $w$ is about $-0.56, -0.73, 0, 0.73, 0.56$.
# For a row that is dark left and bright right, $0, 0, 0, 1, 1$, the response is $0.726 + 0.556 = 1.28$; where all are 1, plus and minus cancel, 0; for bright left and dark right, $1, 1, 0, 0, 0$, it is $-1.28$.
# A ReLU after it makes 0 of what is negative, so this detector misses edges of the opposite sign; networks often grow filters in pairs, roughly $w$ and $-w$, and each sees one half. Transpose a 3×3 detector of vertical edges, and you have one of horizontal edges.
# What a filter does where nothing changes, you see by the *sum* of its entries: if all pixels are $c$, the response is $c$ times the sum. An edge detector's sum is 0, so there it gives 0.
# With a sum of 1 the brightness stays, as for the mean of three, $(\frac13, \frac13, \frac13)$: it leaves a constant row as it is, and makes a ramp of the jump in $0, 0, 0, 1, 1$, namely $0, \frac13, \frac23$. That is blur; the two are opposites, one keeps only change and the other smooths it away.
# %% [markdown] lang="zh" tags=["question"] see="edge_detector"
# 先预测，再运行下一格：把整张图每个像素都加 0.3（变亮），边缘检测器的响应变多少？把对比度加倍呢？
# %% [markdown] lang="en" tags=["question"] see="edge_detector"
# Predict, then run the next cell: add 0.3 to every pixel (the picture gets brighter); how does the response of an edge detector change? And if the contrast is doubled?
# %% [markdown] lang="zh" tags=["answer"]
# 加常数：不变，因为 $w$ 的各项之和是 0。对比度加倍：响应也加倍，因为点积是线性的。
# 所以响应的大小同时取决于“像不像”和“对比多强”；只想问“像不像”，就要除以长度，下面会这样做。
# %% [markdown] lang="en" tags=["answer"]
# Adding a constant changes nothing, since the entries of $w$ add up to 0. Doubling the contrast doubles the response, since a dot product is linear.
# So how large a response is depends on likeness and on contrast at once; to ask about likeness alone, divide by the length, as we do below.
# %%
if __name__ == "__main__":
    x = torch.arange(5) - 2.0
    w = x * torch.exp(-(x**2) / (2 * 1.25**2))
    print("one row of the detector:", [round(v, 2) for v in w.tolist()])
    dark_bright = torch.tensor([0.0, 0, 0, 1, 1])
    for name, row in (("dark, bright", dark_bright), ("all 1", torch.ones(5)), ("bright, dark", dark_bright.flip(0))):
        print(f"{name:12} response {w @ row:.2f}")
    print(f"brighter by 0.3: {w @ (dark_bright + 0.3):.2f}, contrast doubled: {w @ (2 * dark_bright):.2f}")
    for name, row in (("the jump", dark_bright), ("all 1", torch.ones(5))):
        print("means of three of", name, [round(v, 2) for v in row.unfold(0, 3, 1).mean(dim=1).tolist()])
    figures.edge_recipe(math.pi / 4).show()


# %% [markdown] lang="zh"
# ### 练习 · 边缘检测器 · 20 分钟
#
# 返回朝 $\theta$ 的方向变亮的边缘的检测器，float32，形状 `1 size size`（前面的 1 是输入通道）。以正中为原点，$x$ 向右，$y$ 向*下*（图像的行从上往下数）：
#
# $$w(x, y) \propto (x\cos\theta + y\sin\theta)\, e^{-(x^2 + y^2) / 2\sigma^2}, \qquad \sigma = \text{size} / 4$$
#
# $\propto$ 读作“正比于”：最后缩放到 $\lVert w \rVert = 1$，即所有元素的平方和是 1。
# - 坐标数的是像素，间隔 1：`size` 是 3 时是 $-1, 0, 1$；是 4 时正中在两个像素之间，坐标是 $-1.5, -0.5, 0.5, 1.5$。`size` 至少是 2。
# - $\sigma$ 不取整；$\theta$ 是弧度，$-10$ 到 10 之间的任何数，可以是负的，也可以超过一圈；默认 `theta=0.0`、`size=7`。
# - 例如 $\theta = 0$、`size` 是 3：中间一行是 $(-a, 0, a)$，上下两行是 $(-b, 0, b)$，$a > b > 0$；所以最右一列自上而下是 $b, a, b$。
# %% [markdown] lang="en"
# ### Exercise · an edge detector · 20 min
#
# Return the detector of edges that get brighter towards $\theta$, in float32, of the shape `1 size size` (the 1 in front is the input channel). With 0 in the middle, $x$ to the right and $y$ *down* (rows of a picture are counted from the top):
#
# $$w(x, y) \propto (x\cos\theta + y\sin\theta)\, e^{-(x^2 + y^2) / 2\sigma^2}, \qquad \sigma = \text{size} / 4$$
#
# $\propto$ is read "proportional to": at the end scale it to $\lVert w \rVert = 1$, so that the squares of all entries add up to 1.
# - The coordinates count pixels, in steps of 1: for a `size` of 3 they are $-1, 0, 1$; for 4 the middle is between two pixels, and they are $-1.5, -0.5, 0.5, 1.5$. `size` is at least 2.
# - $\sigma$ isn't rounded; $\theta$ is in radians, any number from $-10$ to 10, so it may be negative or more than a full turn; the defaults are `theta=0.0` and `size=7`.
# - For $\theta = 0$ and a `size` of 3, for example, the middle row is $(-a, 0, a)$, the rows above and below are $(-b, 0, b)$, with $a > b > 0$; so the right column is $b, a, b$ from top to bottom.
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
        # a digit enlarged to 40x40: new pixels are mixed from the nearest old ones, which is called bilinear
        image = F.interpolate(get_digits(train=True)[2][0][None], size=(40, 40), mode="bilinear")
        figures.edges(image, F.conv2d(image, torch.stack([edge_detector(theta) for theta in angles]), padding=3)).show()


# %% [markdown] lang="zh" tags=["hint"]
# 先要 `size` 个以 0 为正中的坐标：从 `torch.arange(size)` 里减去什么？偶数大小时减的不是整数。
# %% [markdown] lang="en" tags=["hint"]
# First you need `size` coordinates with 0 in their middle: what do you subtract from `torch.arange(size)`? For an even size it is no whole number.
# %% [markdown] lang="zh" tags=["hint"]
# 竖着放（`[:, None]`）是 $y$，横着放（`[None, :]`）是 $x$；广播把它们变成整个网格。
# %% [markdown] lang="en" tags=["hint"]
# Upright, `[:, None]`, they are $y$; lying down, `[None, :]`, they are $x$; broadcasting makes the whole grid of them.
# %% [markdown] lang="zh" tags=["hint"]
# 斜坡乘钟形，除以 `norm()`，最后在前面加一个轴。
# %% [markdown] lang="en" tags=["hint"]
# Ramp times bell, divided by `norm()`, and in the end one more axis in front.
# %% [markdown] lang="zh" numbers="5 13 0.385"
# ### 有多像：落在平面上的影子
#
# 一个 7×7 的滤波器是 49 个数，也就是 49 维空间里的一个向量。
# 看公式：$\theta$ 方向的检测器是 $\cos\theta\, e_0 + \sin\theta\, e_{90}$，其中 $e_0$ 朝右，$e_{90}$ 朝下。
# 所以八个方向也好，八千个方向也好，都是这两个向量混合出来的：所有边缘检测器都在同一个*平面*里。$e_0$ 与 $e_{90}$ 互相垂直，长度都是 1。
#
# 一个滤波器有多像边缘？让它竖直落到这个平面上，看影子有多长。这个影子叫投影（projection）。
# 影子在 $e_0$ 方向有多长，就是滤波器与 $e_0$ 的点积；$e_{90}$ 也一样；总长由勾股定理得到。再除以滤波器自己的长度，得到 0 到 1 之间的数，也就是滤波器与平面夹角的余弦。
#
# 手算：三维里的 $(3, 4, 12)$，平面是前两个轴。影子是 $(3, 4)$，长 $\sqrt{9 + 16} = 5$；自己长 $\sqrt{9 + 16 + 144} = 13$；像的程度是 $5/13 \approx 0.385$。
# 放大 100 倍，$500/1300$，还是 0.385。
# 只与一个向量比，就是余弦相似度：$(1, 0, -1)$ 与 $(2, 0, -2)$ 是 1，与 $(-1, 0, 1)$ 是 $-1$，与 $(1, 1, 1)$ 是 0：只看方向，不看长短。
# 只与*一个*方向比不行：斜着的边缘在两个方向各占一份；两份里取大的不对，两份取平均也不对。
# %% [markdown] lang="en" numbers="5 13 0.385"
# ### How alike: the shadow on a plane
#
# A 7×7 filter is 49 numbers, so it is a vector in a space of 49 dimensions.
# Look at the formula: the detector for $\theta$ is $\cos\theta\, e_0 + \sin\theta\, e_{90}$, where $e_0$ points right and $e_{90}$ down.
# So eight directions, or eight thousand, are all mixtures of these two vectors: all edge detectors lie in one *plane*. $e_0$ and $e_{90}$ are perpendicular and of length 1.
#
# How much of an edge is a filter? Drop it onto this plane at a right angle, and see how long its shadow is. The shadow is called its **projection**.
# Its length along $e_0$ is the filter's dot product with $e_0$, and the same for $e_{90}$; Pythagoras gives the whole length. Divided by the filter's own length this is a number from 0 to 1, the cosine of the angle between filter and plane.
#
# By hand: in three dimensions take $(3, 4, 12)$, and the plane of the first two axes. The shadow is $(3, 4)$, of length $\sqrt{9 + 16} = 5$; the vector's own length is $\sqrt{9 + 16 + 144} = 13$; the likeness is $5/13 \approx 0.385$.
# A hundred times as large it is $500/1300$, which is 0.385 again.
# With a single vector this is the cosine similarity: $(1, 0, -1)$ has 1 with $(2, 0, -2)$, $-1$ with $(-1, 0, 1)$, and 0 with $(1, 1, 1)$: it sees direction only, not length.
# Comparing with *one* direction won't do, since a slanting edge has a share in both; neither will the larger share, nor the mean of the two.
# %%
if __name__ == "__main__":
    vector, plane = torch.tensor([3.0, 4, 12]), torch.eye(3)[:2]  # two rows; the whole plane can be mixed from them
    for scale in (1, 100):
        shares = plane @ (scale * vector)  # one dot product for each row
        lengths = shares.norm().item(), (scale * vector).norm().item()
        print(f"shadow {lengths[0]:.0f}, own length {lengths[1]:.0f}, likeness {lengths[0] / lengths[1]:.3f}")
    figures.shadow((3, 4, 12)).show()


# %% [markdown] lang="zh" tags=["question"] see="edge_likeness"
# 先预测：一个*随机*的 7×7 滤波器有多像边缘？0、0.2、还是 0.5？
# （提示自己：49 个方向里，平面占几个？）写完练习，后面训练的那一格会打印出来。
# %% [markdown] lang="en" tags=["question"] see="edge_likeness"
# Predict: how much of an edge is a *random* 7×7 filter? 0, 0.2 or 0.5?
# (Ask yourself: of 49 directions, how many belong to the plane?) When the exercise is written, the cell that trains prints it.
# %% [markdown] lang="zh" tags=["answer"]
# 约 0.2：随机向量的长度平方均匀地分给 49 个方向，平面占 2 个，所以影子长度的平方平均占 2/49，开方约 0.2。
# 所以 0.2 什么也不说明；学到的滤波器要明显高于它，才算“长成了边缘”。没有这个比较，0.5 是大是小无从谈起。
# %% [markdown] lang="en" tags=["answer"]
# About 0.2: the squared length of a random vector is shared out evenly among 49 directions, and the plane has 2 of them; so on average the shadow's squared length is 2/49 of it, and the root of that is 0.2.
# So 0.2 says nothing; only learned filters well above it have "become edges". Without this comparison nobody could say whether 0.5 is much.
# %% [markdown] lang="zh"
# ### 练习 · 有多像边缘 · 20 分钟
#
# 返回每个滤波器投影到边缘检测器的平面上的长度，除以它自己的长度。
# 例如三个滤波器：朝任何方向的边缘检测器（乘以任何正数或负数）、全 1、全 0：结果是 1、0、0。
# - 全 0 的滤波器得 0，不是 NaN。
# - 滤波器乘以 $10^{-10}$ 到 $10^6$ 之间的任何数，结果不变。所以分母里不要加 $10^{-8}$ 之类的数，也不要在那里截断（`F.cosine_similarity` 默认就在 $10^{-8}$ 处截断）。更小的倍数不评判：平方太小，float32 存不准。
# - `size` 不一定是 7，至少是 2；每个滤波器除以自己的长度；结果的 dtype 与输入相同。
# - 可以调用上一题的 `edge_detector`。
# %% [markdown] lang="en"
# ### Exercise · how much of an edge? · 20 min
#
# Return the length of each filter's projection onto the plane of edge detectors, divided by the filter's own length.
# For three filters, an edge detector of any direction (times any number, positive or negative), all ones, and all zeros, for example, the result is 1, 0, 0.
# - A filter of zeros gives 0, not NaN.
# - A filter times any number from $10^{-10}$ to $10^6$ gives the same result. So don't add something like $10^{-8}$ to the denominator, and don't clamp it there (by default `F.cosine_similarity` clamps at $10^{-8}$). Smaller factors aren't judged: float32 can't hold such small squares.
# - `size` isn't always 7, but at least 2; each filter is divided by its own length; the result has the dtype of the input.
# - You may call `edge_detector` of the last exercise.
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
# 上面的例子里，`plane` 是哪两行？这里换成哪两个检测器，各展平成一行？
# %% [markdown] lang="en" tags=["hint"]
# Which two rows is `plane` in the example above? Which two detectors take their place here, each flattened to one row?
# %% [markdown] lang="zh" tags=["hint"]
# 所有滤波器与两行的点积是一个矩阵乘法；它每一行的长度就是影子的长度。
# 零滤波器的长度换成任何正数再除（`torch.where`），就得到 0。
# %% [markdown] lang="en" tags=["hint"]
# The dot products of all filters with both rows are one matrix product; the length of each of its rows is the shadow's.
# Put any positive number in place of a zero filter's length (`torch.where`), then divide, and you get 0.
# %% [markdown] lang="zh"
# ### 没有人教过它们
#
# 训练一个只有一层卷积的网络，看它长出了什么。图放大到 24×24，好让 7×7 的滤波器有东西可看。
# 滤波器从接近 0 处出发，并用权重衰减（weight decay）：每一步都顺便把每个权重缩小一点，乘以 $1 - \text{lr}\cdot\lambda$，这里 $\lambda = 0.3$，`lr` 是 0.003，也就是乘 0.9991。
# 一步看不出什么；可是 40 轮、每轮 23 批，共 920 步，没有梯度撑着的权重只剩 $0.9991^{920} \approx 0.44$，也就是 44%。训练用不到的噪声就这样褪去，留下的看得更清楚。
# `torch.optim.AdamW` 就是 Adam 加上这样的权重衰减；第 4 天你会写它。
# %% [markdown] lang="en"
# ### Nobody taught them
#
# Train a network with a single convolution, and see what it grows. Pictures are enlarged to 24×24, so that filters of 7×7 have something to see.
# The filters begin near 0, and there is **weight decay**: each step also shrinks every weight a little, times $1 - \text{lr}\cdot\lambda$; here $\lambda = 0.3$ and `lr` is 0.003, which makes 0.9991.
# One step shows nothing; but 40 epochs of 23 batches are 920 steps, and a weight that gets no gradient has then shrunk to 44%, since $0.9991^{920} \approx 0.44$. So the noise, which training doesn't need, fades, and what it does need is easier to see.
# `torch.optim.AdamW` is Adam with this weight decay; you write it on day 4.
# %%
def enlarged(data: TensorDataset) -> TensorDataset:
    """The same images in 24x24 pixels."""
    images, labels = data[:]  # align_corners=False: pixels count as small squares, and the picture's outer edges stay
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
        lengths = conv.weight.detach().flatten(1).norm(dim=1)[likeness.argsort(descending=True)]
        print("lengths of the filters, the most edge-like first:", [round(v, 1) for v in lengths.tolist()])
        figures.filters(conv.weight.detach(), likeness).show()


# %% [markdown] lang="zh" tags=["question"] see="edge_likeness"
# 约一半的滤波器像边缘（0.8 以上），另几个不到 0.3，有的像一片噪点。哪些是网络在用的？看图就能知道吗？再看看打印出来的长度。
# %% [markdown] lang="en" tags=["question"] see="edge_likeness"
# About half of the filters are like edges (above 0.8), some others are below 0.3, and some look like specks. Which of them does the network use? Does the picture tell? See also the lengths that are printed.
# %% [markdown] lang="zh" tags=["answer"]
# 图里每个滤波器都按自己的最大值上色，看不出大小：那几片噪点的长度只有约 0.1，别的约是 1。它们在第一轮里就变得几乎处处为负；像素都不小于 0，响应就是负的，ReLU 之后几乎对所有的图都是 0（死掉的 ReLU）。梯度几乎到不了它们，只剩权重衰减让它们慢慢变小。
# 但“不像边缘”不等于“没有响应”：0.04 的那个长 0.8，处处同号，响应的是“这里亮不亮”，我们没有为它造样板。
# 长相和长度都只是线索。网络用不用一个零件，要关掉它看准确率变不变，第 5 节就这么做；学完可以回来，用 `ablate_channel(viewer, conv, …)` 逐个试这 16 个：在我们这里，关掉最像边缘的七个里的任何一个，准确率都掉 1% 以上；关掉噪点，甚至关掉 0.04 的那个，都看不出差别。
# %% [markdown] lang="en" tags=["answer"]
# The picture colours each filter by its own largest value, and hides how large it is: the specks have lengths of about 0.1, the others of about 1. In the first epoch they became negative almost everywhere; no pixel is below 0, so their responses are, and after the ReLU they are 0 for nearly all pictures (dead ReLUs). Hardly any gradient reaches them, and weight decay makes them slowly smaller.
# But "not like an edge" doesn't mean "no response": the one at 0.04 has a length of 0.8 and the same sign everywhere; it responds to brightness, for which we made no pattern.
# Looks and lengths are clues only. Whether the network uses a part, you see by silencing it, as section 5 does; come back then, and try these 16 one by one with `ablate_channel(viewer, conv, …)`: here, each of the seven most edge-like ones costs more than 1% of accuracy; silence a speck, or even the one at 0.04, and no difference is seen.
# %% [markdown] lang="zh"
# 上面每个滤波器都从 $-m$ 到 $m$ 上色，$m$ 是它自己绝对值最大的数：0 和正负在哪一个里都是同样的颜色，只是强的弱的看着也一样。
# 要看强弱，就让它们共用一个 $m$。若从自己的最小值到最大值上色，0 在每个里颜色都不同，正负也看不出了。
#
# 在彩色照片上训练的网络，第一层几乎总是同样几种：各种方向、粗细的边缘和条纹，还有一种颜色挨着反差色的斑块。
# 网络不同，照片却有共同之处：相邻的像素大多差不多；无论要认什么，有东西可看的总是边缘和颜色变化的地方。
#
# 特征（feature）说到底是层的输出里的一个方向，常常就是一个通道，代表图的某个性质；电路（circuit）是几个特征连同它们之间的权重，合起来算出另一个特征：几段方向渐渐转过去的边缘拼成曲线，上面的车窗和下面的车轮拼成汽车。
# **读物**：Chris Olah 等人，*Zoom In: An Introduction to Circuits*（英文，Distill 上的文章），在大得多的网络里顺着同样的路往里走：从边缘，到曲线，到狗头，看一层的滤波器怎样由前一层的搭出来。
# 文章的主张有三：特征是网络计算的单位，看得懂；权重把特征连成电路，也读得懂；不同的网络里会长出相似的特征和电路，这叫普遍性（universality）。
# 读时想：它凭哪几类证据说“这个神经元认的是曲线”？这一课用了其中的哪几类？
# %% [markdown] lang="en"
# Each filter above is coloured from $-m$ to $m$, where $m$ is its own largest absolute value: 0 and the signs look the same in all, but so do weak and strong.
# To see strength, let all share one $m$. Coloured from its own minimum to its own maximum, 0 would look different in each, and signs would be lost.
#
# In networks trained on colour photographs the first layer has nearly always the same kinds: edges and stripes of several directions and widths, and spots of one colour beside its opposite.
# Networks differ, but photographs have this in common: neighbouring pixels are mostly similar, and what there is to see lies in edges and changes of colour, whatever is to be recognised.
#
# A feature is a direction in a layer's output, often a channel, that stands for some property of the picture; a **circuit** is features with the weights between them that compute another feature: a curve from edges whose direction turns little by little, a car from windows above and wheels below.
# **Reading**: Chris Olah and others, *Zoom In: An Introduction to Circuits* (in English, an article on Distill), goes the same way in a much larger network: from edges to curves to heads of dogs, and how the filters of one layer are put together from those before.
# It makes three claims: features are the units that a network computes with, and can be understood; weights join them to circuits, which can be read; and similar ones grow in different networks (**universality**).
# While you read: by which kinds of evidence does it say that a neuron detects curves? Which of them does this lesson use?
# %% [markdown] lang="zh" numbers="2 -1 1 -2"
# ## 4 · 它最想看到什么
# ### 梯度，对着图求
#
# 第一层的滤波器可以直接看：它的每一片是对亮度或者一种颜色的加权。
# 深处的滤波器，对前一层的每个通道各有一片，而那些通道不是颜色，是对某种特征的响应：一片画出来，不像照片里见过的任何东西。
# 换一个问法：什么样的*图*让它的响应最大？
#
# 训练时图不动，求损失对权重的梯度，改权重。现在反过来：权重不动，求响应对*像素*的梯度，改图。
# 梯度的每一项说：这个像素亮一点点，响应变多少。把它画成图，叫显著图（saliency map）。
# 沿着梯度一步步往上走，网络对图的响应就越来越大：这叫梯度上升（gradient ascent）；用它来看网络在找什么，叫特征可视化（feature visualisation）。
# 要推高的是 logit，不是概率 $p$：*别的* logit 下降，$p$ 也会上升；而且它对自己的 logit 的斜率是 $p(1 - p)$，$p$ 一接近 1 就几乎是 0，再也走不动。
#
# 手算。响应是 $2a - b$，从 $(a, b) = (0.5, 0.5)$ 出发，步长 0.1。
# - 梯度处处是 $(2, -1)$；一步之后是 $(0.7, 0.4)$，再一步 $(0.9, 0.3)$，再一步就是 $(1.1, 0.2)$：没有 1.1 这么亮的像素，截断到 1。
# - 这样的响应，不管住它，每个像素都会冲到 0 或 1。所以减去一个罚项：$\text{penalty}\cdot(a^2 + b^2)$，让用处不大的像素保持暗的。罚项的系数是 1 时，在起点的梯度是 $(2 - 2\cdot 0.5,\ -1 - 2\cdot 0.5) = (1, -2)$。
# - 这时 $a$ 停在梯度为 0 处：$2 - 2a = 0$，$a = 1$，碰巧与截断的结果一样；系数是 2 时，$2 - 4a = 0$，$a = 0.5$。
#
# 一般地，响应是 $w \cdot x$ 时，梯度就是 $w$，不加限制会沿 $w$ 一直走远；长度限定为 1 时，最好的 $x$ 是 $w / \lVert w \rVert$。
# 两件事要先办好：权重不动，批归一化在 eval 模式（不然一批里的图互相牵连）。ReLU 之后的一个数若在起点是 0，梯度也是 0，图一步也不动：换一个起点，或者改看 ReLU *之前*的数。
# %% [markdown] lang="en" numbers="2 -1 1 -2"
# ## 4 · What it would love to see
# ### The gradient with respect to the picture
#
# Filters of the first layer can simply be looked at: each slice weighs brightness, or a colour.
# Deep inside, a filter has a slice for each channel of the layer before, and such a channel holds no colour but responses to some feature: drawn as a picture, the slice is like nothing in a photograph.
# So ask another question: which *picture* makes the response largest?
#
# In training the picture stays, and the gradient of the loss with respect to the weights changes the weights. Now do it the other way round: the weights stay, and the gradient of the response with respect to the *pixels* changes the picture.
# Each entry of this gradient says how much the response changes when its pixel gets a little brighter. Drawn as a picture, it is a **saliency map**.
# Go up along the gradient step by step, and the response to the picture grows and grows: that is **gradient ascent**; using it to see what a network looks for is called **feature visualisation**.
# Raise the logit, not the probability $p$: $p$ also rises when *other* logits fall, and its slope along its own logit, $p(1 - p)$, is nearly 0 once $p$ is near 1: there the ascent stands still.
#
# By hand. The response is $2a - b$, we begin at $(a, b) = (0.5, 0.5)$, and steps are of 0.1.
# - The gradient is $(2, -1)$ everywhere; one step leads to $(0.7, 0.4)$, the next to $(0.9, 0.3)$, the next to $(1.1, 0.2)$: no pixel is as bright as 1.1, so clamp it to 1.
# - With such a response, and nothing to hold it back, each pixel rushes to 0 or 1. So subtract a penalty, $\text{penalty}\cdot(a^2 + b^2)$, which keeps pixels dark that are of little use. With a penalty of 1 the gradient at the start is $(2 - 2\cdot 0.5,\ -1 - 2\cdot 0.5) = (1, -2)$.
# - Then $a$ comes to rest where the gradient is 0: $2 - 2a = 0$, so $a = 1$, just where the clamp would stop it; with a penalty of 2, $2 - 4a = 0$ and $a = 0.5$.
#
# In general the gradient of $w \cdot x$ is $w$, and without a limit $x$ goes out along $w$ for ever; among those of length 1 the best is $w / \lVert w \rVert$.
# Two things to see to: the weights stay, and batch norm is in eval mode (else the pictures of a batch depend on each other). If a number after a ReLU is 0 at the start, its gradient is 0 and the picture never moves: start elsewhere, or take the number *before* the ReLU.
# %%
def tell(module: nn.Module) -> None:
    """Prints the shape of a convolution's filters, and nothing of other modules."""
    if isinstance(module, Conv2d):
        print("a filter of", "×".join(str(n) for n in module.weight.shape[1:]))


if __name__ == "__main__":
    reader.apply(tell)  # apply calls it with every module inside, however deep
    for penalty in (0, 1):
        pixels = torch.tensor([0.5, 0.5], requires_grad=True)
        objective = 2 * pixels[0] - pixels[1] - penalty * pixels.square().sum()
        (gradient,) = torch.autograd.grad(objective, pixels)
        print(f"penalty {penalty}: gradient {gradient.int().tolist()}")
    three = digit[None].clone().requires_grad_()
    logits = reader(three)[0]
    # `retain_graph` keeps the graph for the next turn of the loop
    maps = [torch.autograd.grad(logits[digit_class], three, retain_graph=True)[0] for digit_class in (3, 8, 9)]
    for mine, rival in ((1, 0), (5, 0), (1, -4)):
        p = torch.tensor([mine, rival]).float().softmax(0)[0]
        print(f"own logit {mine}, the other {rival}: probability {p:.3f}, its slope {p * (1 - p):.3f}")
    figures.slopes(digit, torch.cat(maps), [f"logit {digit_class}" for digit_class in (3, 8, 9)]).show()


# %% [markdown] lang="zh"
# ### 练习 · 激活最大化 · 25 分钟
#
# `activation(images)` 给每张图一个数，各张图互不相干。从 `start` 出发走 `steps` 步，让每张图的数越来越大，返回最后的图。
# 每一步：求 $\text{activation} - \text{penalty}\cdot\lVert\text{image}\rVert^2$ 对图的梯度（$\lVert\text{image}\rVert^2$ 是像素平方之*和*），加上 `lr` 乘梯度本身（不缩放、不取符号），然后把像素截断（clamp）到 0 与 1 之间。
# 例如上面的手算：$2a - b$，`lr=0.1`，一步从 $(0.5, 0.5)$ 到 $(0.7, 0.4)$，四步到 $(1, 0.1)$。
# - *每一步之后*都截断，不是只在最后；`steps` 可以是 0，这时返回的数与 `start` 相同，是不是 `start` 本身随你。
# - 一批图里各走各的：几张图一起走，与一张一张走一样；所以把各图的数*加*起来求梯度，不取平均。
# - `start` 的像素都在 0 与 1 之间，不许改动；结果的 dtype 与它相同，而且不再连着计算图。
# - 模型参数不变，它们原有的 `.grad` 也不许动。
# %% [markdown] lang="en"
# ### Exercise · activation maximisation · 25 min
#
# `activation(images)` gives one number for each picture, and the pictures have nothing to do with each other. From `start` take `steps` steps that make each picture's number larger, and return the pictures at the end.
# In each step take the gradient of $\text{activation} - \text{penalty}\cdot\lVert\text{image}\rVert^2$ with respect to the picture ($\lVert\text{image}\rVert^2$ is the *sum* of its squared pixels), add `lr` times the gradient itself (not scaled, not its sign only), then clamp the pixels to the range 0 to 1.
# As by hand above, for example: with $2a - b$ and `lr=0.1` one step leads from $(0.5, 0.5)$ to $(0.7, 0.4)$, and four to $(1, 0.1)$.
# - Clamp *after each step*, not only at the end; `steps` may be 0, and then the numbers are those of `start`; whether you return `start` itself or a copy is up to you.
# - Each picture of a batch goes its own way: several at once go as they would one by one; so *add up* their numbers for the gradient, and take no mean.
# - `start` has pixels between 0 and 1, and stays unchanged; the result has its dtype, and hangs on no graph.
# - The model's parameters stay, and so does the `.grad` that they had before.
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


# %% [markdown] lang="zh" tags=["hint"]
# `backward()` 会把梯度也堆到哪里去？上面的例子用了什么，只算对图的梯度？
# %% [markdown] lang="en" tags=["hint"]
# Where else does `backward()` pile up gradients? What did the example above use, to get the gradient with respect to the picture alone?
# %% [markdown] lang="zh" tags=["hint"]
# 走一步之后的图还连着计算图：不 `detach()`，图就一步步长下去。
# %% [markdown] lang="en" tags=["hint"]
# After a step the picture still hangs on a graph: without `detach()` the graph grows from step to step.
# %% [markdown] lang="zh" tags=["hint"]
# 循环里四行：要求梯度；目标（相加）；梯度；迈一步并截断。开头拷贝 `start`。
# %% [markdown] lang="en" tags=["hint"]
# Four lines in a loop: ask for gradients; the objective (added up); the gradient; a step, and clamp. Begin with a copy of `start`.
# %% [markdown] lang="zh" tags=["question"] see="maximise_activation"
# 先预测，再运行下一格。为每个数字造一张图，让它的 logit 最大：网络对这些图有多少把握？你自己认得出几张？
# %% [markdown] lang="en" tags=["question"] see="maximise_activation"
# Predict, then run the next cell. For each digit make a picture that has the largest logit: how sure is the network of them? How many do you recognise yourself?
# %% [markdown] lang="zh" tags=["answer"]
# 从噪声出发的那一行，网络几乎百分之百地肯定，平均 logit 比它最有把握的真数字还高；人却几乎一张也认不出。
# 从灰色出发，得到的图又不一样：让 logit 很大的图有无数张，只有极小的一部分像数字，梯度上升没有理由走到那里。
# 所以“网络眼里的 7 就长这样”是误读：它只说明这张图*够得着*高分，不说明网络平时凭它认 7。
# 先平滑再给网络看，图才像几分数字，而 logit 低了：这是我们另加的要求。加了什么要求，就会看到什么样子，用这种图说话时要老实讲出来。
# %% [markdown] lang="en" tags=["answer"]
# The network is almost certain of the row from noise, and the mean logit is above that of the real digits that it is surest of; a human recognises hardly any.
# From grey, the pictures are different ones: countless pictures have a large logit, only a tiny share of them look like digits, and gradient ascent has no reason to end there.
# So "this is what a 7 is to the network" misreads it: the picture only shows that so high a score can be *reached*, and not that the network knows real 7s by it.
# They look a little like digits only if they are smoothed before the network sees them, and then the logits are lower: that is a demand of ours. You see what you ask for, so whoever shows such pictures should say what that was.
# %%
def smoothed(images: Float[Tensor, "batch 1 h w"]) -> Float[Tensor, "batch 1 h w"]:
    """Each pixel replaced by the mean of the 3x3 pixels around it."""
    return F.avg_pool2d(images, 3, stride=1, padding=1)


if __name__ == "__main__":
    if tests.test_maximise_activation(maximise_activation):
        torch.manual_seed(0)
        images, labels = get_digits(train=False)[:]
        best = reader(images).detach()
        best[best.argmax(dim=1) != labels] = -math.inf  # of those that it reads rightly
        # for each digit the surest: `where` keeps the logits of the pictures of a k, the others become -inf
        real = images[torch.stack([best[:, k].where(labels == k, -math.inf).argmax() for k in range(10)])]
        grey, noise = torch.full((10, 1, 8, 8), 0.5), torch.rand(10, 1, 8, 8)

        def own(pictures: Tensor) -> Tensor:  # picture 0's logit 0, picture 1's logit 1, and so on
            return reader(pictures).diagonal()

        def own_of_smoothed(pictures: Tensor) -> Tensor:
            return own(smoothed(pictures))

        rows = {
            "real,<br>surest": real,
            "from noise": maximise_activation(own, noise, steps=200, lr=0.05),
            "from grey,<br>penalty": maximise_activation(own, grey, steps=200, lr=0.05, penalty=0.3),
            "smoothed,<br>penalty": smoothed(maximise_activation(own_of_smoothed, grey, 200, lr=0.05, penalty=0.3)),
        }
        for name, pictures in rows.items():
            classes, probs = predict(reader, pictures)
            right = int((classes == torch.arange(10)).sum())
            print(
                f"{name.replace('<br>', ' '):20} {right} of 10 as meant, probability at least {probs.min():.0%}, "
                f"mean logit {own(pictures).mean():.1f}"
            )
        figures.ladder(rows).show()


# %% [markdown] lang="zh"
# 为什么造出来的图像噪声？每个像素的梯度各算各的，相邻像素的梯度常常一正一负；上升时像素各走各的，图里就布满从一个像素到下一个就翻转的花纹，也就是高频的花纹。
# 真的数字里相邻像素相像得多，训练时网络很少见到这种花纹，没有什么教它不理会它们；网络不在意的地方，则留着出发时的样子，从噪声出发就还是噪声。
# 先平滑再给网络看，这种花纹在邻居的平均里大多抵消，所以管用；罚项管亮度，截断管范围。
# 一个通道的输出本身就是一张图，每个位置一个数。让它在所有位置的*平均*最大，同一个花样就会铺满全图；只让*一个*位置最大，梯度只到得了那个位置的感受野，变的只有那一块，其余的像素留着出发时的样子（有罚项就变暗）。
# 看一个通道，还可以从数据里挑出它响应最大的几张图。两种看法互补：造出来的图说明什么*驱动*它，却可能毫不自然；挑出来的图是真的，却混着只是一同出现的东西（背景、姿势）。
# 对几样不相干的东西都有响应的通道，叫多义的（polysemantic）。这是读电路的一大难处：通道没有*一个*意思，连着它的权重也就说不出是什么意思。
# %% [markdown] lang="en"
# Why do such pictures look like noise? Each pixel has a slope of its own, and the slopes of neighbours often have opposite signs; so ascent moves each pixel by itself, and fills the picture with patterns that flip from one pixel to the next: patterns of high frequency.
# In real digits neighbours are much more alike: in training the network seldom meets such patterns, and nothing teaches it to ignore them. And where it doesn't care, the picture stays as it began: noise, if it began as noise.
# It helps to smooth the picture before the network sees it, for in the mean of neighbours most of these patterns cancel; the penalty limits brightness, clamping limits the range.
# A channel's output is a picture itself, with one number for each place. Maximise its *mean* over all places, and the same pattern fills the whole picture; maximise it at *one* place, and only the receptive field of that place gets a gradient: there one pattern appears, and the other pixels stay as they began (or get darker, with a penalty).
# You can also pick those pictures of the data to which the channel responds most. The made picture shows what *drives* the channel, but may be unnatural; the picked ones are real, but mixed with what merely comes along (background, pose).
# A channel that responds to several unrelated things is called **polysemantic**. It is a great obstacle to reading circuits: neither the channel nor a weight that leads to it has *one* meaning.
# %%
if __name__ == "__main__":
    picture = torch.full((1, 1, 8, 8), 0.5, requires_grad=True)
    responses = reader.get_submodule("body.0")(picture)[0, 3]  # channel 3 of the first convolution, 3x3
    for name, response in (("one place", responses[4, 4]), ("mean of all places", responses.mean())):
        (gradient,) = torch.autograd.grad(response, picture, retain_graph=True)
        print(f"{name}: {int((gradient != 0).sum())} of {picture.numel()} pixels get a gradient")


# %% [markdown] lang="zh"
# ### 成没成，看数
#
# 造出来的图多半不像什么，看图就判断不了上升成功没有。要拿数来比：
# - 与出发时比，响应应当高得多；与真的图里响应最大的比，也不该低。
# - 与*同样的像素打乱位置*比：亮度、长度都一样，只有摆法不同。若打乱了也一样高，靠的就只是亮。
# - 网络没有变：真图的 logit 前后一个不差。否则改的也许是网络，不是图。
#
# 还要换几个起点。梯度上升只爬它脚下的那座山，而响应在图的空间里有许多座差不多高的山（局部极大，每一座的顶都比四周高）。
# 下一格从五个起点为同一个 logit 造图，再打印每两张图的相关系数（1 是同一个花样，0 是毫不相干）。
# %% [markdown] lang="en"
# ### Numbers tell whether it worked
#
# Pictures that are made mostly look like nothing, and don't show whether the ascent worked. Compare numbers:
# - The response is far above that of the start, and not below the largest of the real pictures.
# - Compare with *the same pixels, shuffled*: brightness and length are the same, only the arrangement differs. If that scores as high, it was brightness alone.
# - The network is as before: the logits of real pictures haven't moved at all. Otherwise you may have changed the network, and not the picture.
#
# And take several starts. Ascent climbs the one hill that it stands on, and among all pictures the response has many hills of similar height (each top is a local maximum, higher than everything near it).
# The next cell makes pictures for one logit from five starts, and prints the correlation of each pair (1 for the same pattern, 0 for nothing in common).
# %% [markdown] lang="zh" tags=["question"] see="maximise_activation"
# 先预测，再运行：五张图的 logit 会差不多高吗？图也会差不多吗？
# %% [markdown] lang="en" tags=["question"] see="maximise_activation"
# Predict, then run: will the five logits be about equally high? And will the pictures be alike?
# %% [markdown] lang="zh" tags=["answer"]
# 在我们这里，logit 都在 11 到 13 之间（出发时不到 5，真图里最高约 8，打乱之后不到 3）；图却不大像，两张之间的相关系数平均只有三分之一左右。
# 所以拿出一张说“这就是它要找的样子”，说多了。五张共有的，才是它要的；五张不同的地方，要么它不在意，要么它认好几种花样（多义）。
# %% [markdown] lang="en" tags=["answer"]
# Here the logits are all between 11 and 13 (below 5 at the start, about 8 for the best real picture, below 3 when shuffled); but the pictures are not much alike, with correlations of about a third on average.
# So whoever shows one of them as "what it looks for" says too much. What all five share is what it wants; where they differ, either it doesn't care, or it answers to several patterns (polysemantic).
# %%
if __name__ == "__main__":
    if tests.test_maximise_activation(maximise_activation):
        images, generator = get_digits(train=False)[:][0], torch.Generator().manual_seed(0)
        before = reader(images).detach()

        def logit_of_5(pictures: Tensor) -> Tensor:
            return reader(pictures)[:, 5]

        starts = torch.rand(5, 1, 8, 8, generator=generator)
        made = maximise_activation(logit_of_5, starts, steps=200, lr=0.05)
        shuffled = made.flatten(1)[:, torch.randperm(64, generator=generator)].reshape(made.shape)
        for name, pictures in {"at the start": starts, "made": made, "made, shuffled": shuffled}.items():
            print(f"{name:15}", [round(v, 1) for v in logit_of_5(pictures).tolist()])
        print(
            f"highest of the real pictures: {before[:, 5].max():.1f}; logits as before:", reader(images).equal(before)
        )
        alike = torch.corrcoef(made.flatten(1))[
            *torch.triu_indices(5, 5, 1)
        ]  # the cells above the diagonal: each two once
        print(f"correlations: {alike.min():.2f} to {alike.max():.2f}, {alike.mean():.2f} on average")


# %% [markdown] lang="zh" numbers="0.7"
# ## 5 · 拆掉一个零件
# ### 响得最厉害的，就是最要紧的吗
#
# 到这里我们都在*看*：哪个通道对哪个数字响应大。看到的是同时发生，不是因果：闹钟响的时候天亮了，关掉闹钟，天照样亮。
# 要知道一个零件有什么用，就拆掉它，看坏了什么：这就是 `part0_maths` 里的消融（ablation），那里一次改一项设置，这里一次关掉一个通道。
#
# 怎样关？一个办法是改写造出它的权重。卷积输出的第 $k$ 个通道由自己的滤波器 `weight[k]` 和偏置 `bias[k]` 合成：只清滤波器，偏置还在，处处是同一个数（下一格里是 0.7）；后面有批归一化，连它的偏移也要管。而且改写之前要留底，之后要复原，出了错也不能忘。
# 钩子把*出来的*那个通道换成 0，不管它是谁造的；模型原封不动。
#
# 下一格用钩子量出第一组块（`body.3`）的八个通道各对哪个数字响得最厉害。
# 这是我们的预测：“关掉通道 3，最伤的是它响得最厉害的那个数字”。先记下来，写完练习再对答案。
# %% [markdown] lang="en" numbers="0.7"
# ## 5 · Take a part out
# ### Is the loudest the most needed?
#
# So far we *looked*: which channel responds strongly to which digit. What we saw happens together, which doesn't make it a cause: when the alarm clock rings the day breaks, and without the clock it breaks all the same.
# To know what a part is for, take it out and see what fails: that is the ablation of `part0_maths`, where one setting was changed at a time; here it is one channel that is silenced at a time.
#
# How do you silence one? You could overwrite the weights that make it. Channel $k$ of a convolution's output is made by its own filter, `weight[k]`, together with `bias[k]`: clear the filter alone, and the bias is still there, the same number in every place (0.7 in the next cell); and a batch norm behind it adds a shift of its own. Besides, what you overwrite must be kept and put back, also after an error.
# A hook puts 0 in place of the channel that *comes out*, whatever made it; the model stays as it is.
#
# The next cell measures by a hook to which digit each of the eight channels of the first group (`body.3`) responds most strongly.
# That makes our prediction: "without channel 3, the digit that it is loudest for suffers most". It is noted first, and compared when the exercise is written.
# %% [markdown] lang="zh" tags=["question"] see="ablate_channel"
# 先预测：八个通道里，有几个关掉之后最伤的正是它响得最厉害的数字？八个都是、一半，还是更少？
# %% [markdown] lang="en" tags=["question"] see="ablate_channel"
# Predict: for how many of the eight channels does the digit that it is loudest for suffer most? For all eight, for half, or for fewer?
# %% [markdown] lang="zh" tags=["answer"]
# 在我们这里是三个；其中通道 2 只让一张 4 认错（3%），可能是碰巧。
# 一个通道对 4 响得厉害，后面的层却可能拿它来*排除* 4，或者另有通道也给出同样的证据；反过来，响得不厉害的地方，也可能正好靠它做决定。
# 相关只能提出猜想，消融才能检验它。
# %% [markdown] lang="en" tags=["answer"]
# For three of them here; and of these, channel 2 costs a single picture of a 4 (3%), which may be chance.
# A channel may be loud for a 4, while later layers use it to *rule out* a 4, or other channels bring the same evidence; and where it is quiet, a decision may just hang on it.
# A correlation can suggest; an ablation can test.
# %%
if __name__ == "__main__":
    weight, bias = torch.ones(2, 1, 3, 3), torch.tensor([0.2, 0.7])
    weight[1] = 0  # the filter of channel 1, and not its bias
    print(f"channel 1 without its filter: {F.conv2d(digit[None], weight, bias)[0, 1].unique().item():.1f} everywhere")
    block, outputs = reader.get_submodule("body.3"), []
    handle = block.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    images, labels = get_digits(train=False)[:]
    classes, _ = predict(reader, images)
    handle.remove()
    per_digit = torch.stack([outputs[0][labels == k].mean(dim=(0, 2, 3)) for k in range(10)])
    loudest = per_digit.argmax(dim=0).tolist()
    print("channel: loudest for digit", dict(enumerate(loudest)))


# %% [markdown] lang="zh"
# ### 练习 · 关掉一个通道 · 20 分钟
#
# 用一个钩子，把 `layer` 输出里的第 `channel` 个通道换成 0（那里原来是 NaN 或无穷也一样），返回这时 `model(images)` 的 logits，不带梯度。
# `layer` 的输出总是 `batch c h w`，例如 `3 8 5 4`：`channel` 是 2，就把三张图的第 2 个通道（第 1 轴）全换成 0，其余七个不动。
# - `model` 来的时候就在 eval 模式；每个模块的模式、参数、缓冲区都不许变，一刻也不行：也不许先把权重清零，再改回来；`images` 也不许变。
# - 最后取下钩子，只取自己的那一个：别人的钩子留着。
# - 前向出了错（不论哪种错，也包括你中断这一格时的 `KeyboardInterrupt`），照样取下钩子，再让错误继续往外传。
# - 不求梯度，但只在函数里面：之后 `torch.is_grad_enabled()` 要与之前一样。
# %% [markdown] lang="en"
# ### Exercise · silence a channel · 20 min
#
# With a hook, put 0 in place of channel number `channel` in the output of `layer` (also where that held NaN or infinity), and return the logits that `model(images)` gives meanwhile, without gradients.
# The output of `layer` is always `batch c h w`; if that is `3 8 5 4` and `channel` is 2, for example, channel 2 (on axis 1) of all three pictures becomes 0, and the other seven stay.
# - `model` comes in eval mode; don't change any module's mode, parameters or buffers, not even for a moment (no weights set to 0 and put back), nor `images`.
# - In the end take off the hook, and yours alone: other people's hooks stay.
# - If the forward fails, with whatever error (also with the `KeyboardInterrupt` of a cell that you stop), take off the hook all the same, and let the error go on to the caller.
# - No gradients, but only within the function: afterwards `torch.is_grad_enabled()` is what it was.
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


# %% [markdown] lang="zh" tags=["hint"]
# 钩子怎样改变一个模块的输出？（第 1 节的规则。）它改的应当是原来的张量，还是一份拷贝？
# %% [markdown] lang="en" tags=["hint"]
# How does a hook change what a module returns? (See the rules of section 1.) Should it change that very tensor, or a copy?
# %% [markdown] lang="zh" tags=["hint"]
# `predict` 里怎样保证出了错也恢复模式？这里用同样的结构取下钩子。
# %% [markdown] lang="en" tags=["hint"]
# How did `predict` make sure that modes come back even after an error? Take off the hook by the same construction.
# %% [markdown] lang="zh"
# ### 对答案，并记下来
#
# `part0_maths` 的记录有四行：问题、预测、结果、意外。这里每关一个通道就是一次实验，记成文件里的一行 JSON（一种文字格式，写法几乎与 Python 的字典相同），键还是这四个。
# 一行一条、只添不改的文件叫日志；第 4 天 `part4_experiments` 里你会写一个断了电也不丢的（`RunLog`），并用 `run_experiment` 保证预测写在结果之前。
# 这里的预测来自“哪个数字响得最厉害”；换成你自己的猜想，再运行一遍，新的八行会接在后面。
# %% [markdown] lang="en"
# ### Compare, and write it down
#
# The log of `part0_maths` has four entries: question, prediction, result, surprise. Here each silenced channel is one experiment, and is written to a file as one line of JSON (a text format that looks much like a Python dictionary), under the same four keys.
# Such a file, with one record a line and only added to, is called a log; in `part4_experiments` on day 4 you write one that survives a power cut (`RunLog`), and `run_experiment` makes sure that the prediction is there before the result.
# The predictions here come from "which digit is it loudest for"; put in your own, run it again, and eight new lines follow the old ones.
# %%
def note(path: Path, record: dict) -> None:
    """Adds `record` to the file as one line of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)  # with the folders above it; no error if it is there already
    with open(path, "a", encoding="utf-8", newline="\n") as file:  # the same line ends on Windows
        file.write(json.dumps(record, ensure_ascii=False) + "\n")  # é stays é, not \u00e9


if __name__ == "__main__":
    if tests.test_ablate_channel(ablate_channel):
        predictions, right = loudest, classes.eq(labels)  # eq is ==; predictions may be yours
        lost, path = torch.zeros(10, 8), Path("runs") / "ablation" / "log.jsonl"
        for channel in range(8):
            without = ablate_channel(reader, block, channel, images).argmax(dim=1)
            change = right.float() - (without == labels).float()
            lost[:, channel] = torch.stack([change[labels == k].mean() for k in range(10)])
            most = int(lost[:, channel].argmax())
            record = {"question": f"body.3 without channel {channel}: which digit suffers most?"}
            # `|=` puts these keys into `record`; `|` makes a new dictionary with the keys of both
            record |= {"prediction": str(predictions[channel]), "result": f"{most}: {lost[most, channel]:.0%} lost"}
            note(path, record | {"surprise": "none" if most == predictions[channel] else "another digit"})
        lines = path.read_text(encoding="utf-8").splitlines()[-8:]
        print(*lines, f"as predicted: {sum('none' in line for line in lines)} of 8", sep="\n")
        figures.ablation(lost).show()


# %% [markdown] lang="zh"
# ### 关不出差别，不等于没有用
#
# 两件事会让消融骗人，下一格各演示一次。
# - 冗余：两个通道做同样的事，关掉任何一个，另一个顶上；两个一起关，才看得出来。`ablate_channel` 不动别人的钩子，所以先给一个通道挂上“静音”，再用它关另一个。
# - 0 不等于“没有信息”：这个通道平时若总在 0.7 上下，0 就是网络从没见过的值，坏掉的也许只是因为它反常。换成它的*平均值*，抹去的才只是“这张图与别的图有何不同”。
#
# 在哪里关也要紧。批归一化（eval 模式）减去存下的均值 $\mu$，除以存下的标准差 $\sigma$，再乘学来的倍数 $\gamma$，加学来的偏移 $\beta$。
# 关掉它前面那个卷积的输出，0 就被它变成常数 $\beta - \gamma\mu/\sigma$，下一层看到的一般就不是 0。
# 这里关的是整块的输出，紧接着的是卷积，它看到的就是 0。
# 还要数一数图。某一类若只有 20 张，一张就是 5%，从 95% 掉到 90% 只是多错了一张，可能是碰巧；先多找些图，再和别的通道比。上面每个数字有 26 到 48 张，一张是 2% 到 4%。
# 即使换成平均值也大跌，也只说明在这个网络里认这一类*少不了*它，不说明它只代表这一类，更不说明只有它代表这一类。
# %% [markdown] lang="en"
# ### No difference doesn't mean no use
#
# Two things can make an ablation mislead; the next cell shows each once.
# - Redundancy: two channels do the same work, and with one silenced the other stands in; only with both silenced does it show. `ablate_channel` leaves other people's hooks alone, so first hang a hook on the layer that silences one channel, then silence the other by it.
# - 0 isn't "no information": if a channel is usually about 0.7, then 0 is a value that the network never saw, and what fails may fail only because of that. Put its *mean* in instead: then only what tells this picture from others is lost.
#
# Where you silence matters, too. A batch norm (in eval mode) subtracts the stored mean $\mu$, divides by the stored deviation $\sigma$, then multiplies by the learned factor $\gamma$ and adds the learned shift $\beta$.
# Silence the output of the convolution before it, and it turns the 0 into the constant $\beta - \gamma\mu/\sigma$, so what the next layer sees usually isn't 0.
# Here it is the output of a whole block; a convolution comes next, and does see 0.
# And count the pictures. Of 20 in a class one is 5%, so a fall from 95% to 90% is one more error, and may be chance; take more pictures, and compare with other channels. Above there were 26 to 48 of each digit, so one picture was 2% to 4%.
# Even a clear fall, with the mean in place as well, shows only that this class *needs* the channel in this network, not that the channel stands for this class alone, nor that it alone stands for it.
# %% [markdown] lang="zh" tags=["question"] see="ablate_channel"
# 先预测，再运行下一格：有两个通道，单独关各丢 2% 和 4%。一起关会丢 6% 左右吗？通道 0 单独换成 0 丢 9%；换成它的平均值呢？
# %% [markdown] lang="en" tags=["question"] see="ablate_channel"
# Predict, then run the next cell: there are two channels that cost 2% and 4% when silenced alone. Do both together cost about 6%? And channel 0 set to 0 costs 9%; what if it is set to its mean?
# %% [markdown] lang="zh" tags=["answer"]
# 一起关丢二成多，是两者之和的几倍：单独关时，另一个在顶着。
# 通道 0 换成平均值，只丢 1% 多：原来那 9% 大半是因为 0 这个值反常，不是因为信息没了。
# 所以报告消融要说清楚：换成了什么，一次关几个；“没有差别”只能读作“在别的都完好时看不出”。
# %% [markdown] lang="en" tags=["answer"]
# Together they cost above 20%, several times the sum: alone, each had the other to stand in.
# With its mean in place, channel 0 costs little more than 1%: most of the 9% came from the odd value 0, not from lost information.
# So a report on an ablation says what was put in, and how many parts were out at once; "no difference" can only be read as "none seen while all else is intact".
# %%
def instead(layer: nn.Module, channel: int, value: float) -> RemovableHandle:
    """The handle of a hook that puts `value` in place of this channel."""
    other = torch.arange(8)[:, None, None] != channel  # `where` keeps the output where this is true
    return layer.register_forward_hook(lambda module, inputs, output: output.where(other, value))


def share_lost(before: Tensor, logits: Tensor, labels: Tensor) -> float:
    """How much lower the accuracy of these logits is than that of the classes `before`."""
    return float((before == labels).float().mean() - (logits.argmax(dim=1) == labels).float().mean())


if __name__ == "__main__":
    if tests.test_ablate_channel(ablate_channel):
        alone, both = [], {}
        for a in range(8):
            alone.append(share_lost(classes, ablate_channel(reader, block, a, images), labels))
            silenced = instead(block, a, 0.0)
            for b in range(a):
                both[a, b] = share_lost(classes, ablate_channel(reader, block, b, images), labels)
            silenced.remove()
        a, b = max(both, key=lambda pair: both[pair] - alone[pair[0]] - alone[pair[1]])
        print(f"alone, channel {a} costs {alone[a]:.0%}, channel {b} {alone[b]:.0%}; both cost {both[a, b]:.0%}")
        mean = instead(block, 0, float(outputs[0][:, 0].mean()))
        print(
            f"channel 0 set to 0 costs {alone[0]:.1%}, set to its mean {share_lost(classes, reader(images), labels):.1%}"
        )
        mean.remove()


# %% [markdown] lang="zh" numbers="0.5 -0.5 0.5"
# ## 6 · 解开两条螺旋线
# ### 不弯线，搬点
#
# 两条螺旋线缠在一起，没有一条直线能分开它们。可是网络的最后一层只是一个线性层：它看到的若是平面上的点，两类的分界就是一条*直线*。
# 那么分界在输入的平面里为什么是弯的？常见的想象是“网络画出了一条曲线”。其实它没有弯线，它搬了点：隐藏层把每个点搬到新的位置，搬到一条直线就够了为止。
#
# 手算一个最小的。三个点 $-1, 0, 1$，类别是蓝、橙、蓝：切一刀分不开。
# 让隐藏层有两个数，$(x, x^2)$：三个点搬到 $(-1, 1), (0, 0), (1, 1)$，高度 $x^2 = 0.5$ 的水平线就分开了。
# $x^2 - 0.5$ 在三个点上是 $0.5, -0.5, 0.5$：正的是蓝，负的是橙。搬回原来的直线上看，这一刀成了两刀，$x = \pm\sqrt{0.5}$。
# $x^2$ 是我们替它想的；网络要自己学出怎么搬。
#
# 一定要比输入多一个数吗？连续地搬、不撕开、不把两处叠到一起，还能连续地搬回去，这样的搬法叫同胚（homeomorphism）；每层只有两个数、权重矩阵可逆、后接 tanh 的网络，只会这样搬。
# 橙色圆盘外面围着蓝色圆环，同胚之后圆环还是围着圆盘，没有一条直线分得开；多一个数 $x^2 + y^2$，圆环就升到圆盘上方，水平的一刀切在中间。
# 两条螺旋线谁也没围住谁，在平面里就能解开。
# 只看离中心多远，分不开它们（每个半径上两条都有点），只看方向也不行。
# 要两样一起看：方向的角度减去螺旋线到这个半径为止转过的角，一条上总是 0，另一条上总是 $\pi$（不计整圈，也不计噪声），余弦就是 1 和 $-1$。这是我们的主意；网络只有 $x$ 和 $y$，得自己找出搬法。
# %% [markdown] lang="en" numbers="0.5 -0.5 0.5"
# ## 6 · Unfolding two spirals
# ### Don't bend the line, move the points
#
# Two spirals wind around each other, and no straight line separates them. Yet the last layer of a network is only a linear layer: if what it sees are points of a plane, the border between two classes is a *straight line*.
# Why, then, is the border bent in the plane of the inputs? Many imagine that "the network draws a curve". In fact it moves the points: the hidden layers move every point to a new place, until one straight line will do.
#
# The smallest case by hand. Three points, $-1, 0, 1$, are blue, orange, blue: no single cut separates them.
# Let the hidden layer have two numbers, $(x, x^2)$: the points move to $(-1, 1), (0, 0), (1, 1)$, and the horizontal line at height $x^2 = 0.5$ separates them.
# At the three points $x^2 - 0.5$ is $0.5, -0.5, 0.5$: positive is blue, negative orange. Back on the original line the one cut has become two, at $x = \pm\sqrt{0.5}$.
# The $x^2$ was our idea; a network must learn by itself how to move points.
#
# Does it always take one number more than the input has? A **homeomorphism** moves points continuously and can be undone continuously: nothing is torn, and no two places come together. Layers of only two numbers, with invertible weight matrices and tanh, can move points in no other way.
# Put a blue ring around an orange disc: after a homeomorphism the ring is still around the disc, and no straight line separates them; with one more number, $x^2 + y^2$, the ring rises above the disc, and a horizontal cut goes between.
# Neither spiral encloses the other, so they can be unfolded in the plane.
# The distance from the centre doesn't separate them (both have points at every radius), and the direction alone doesn't either.
# Take both: the angle of the direction minus the spiral's turn up to this radius is always 0 on one and $\pi$ on the other (up to full turns and noise), with the cosine 1 and $-1$. That is our idea; the network has only $x$ and $y$, and must find its own.
# %%
if __name__ == "__main__":
    x = torch.tensor([-1.0, 0, 1])
    print("x² − 0.5:", (x**2 - 0.5).tolist())
    figures.lifted().show()


# %% [markdown] lang="zh"
# ### 练习 · 两条螺旋线 · 15 分钟
#
# 第一条：半径 $r$ 从 0.1 到 1（两端都在内）均匀地取 $n$ 个值，角度是 $2\pi \cdot \text{turns} \cdot r$，点是 $(r\cos, r\sin)$。
# 第二条是第一条的反面，$-x$：两个坐标都变号。
# 然后每个点的每个坐标各加一份正态噪声，均值 0，标准差 `noise`。
# 例如 $n = 2$、转 1 圈、没有噪声：角度是 $0.2\pi$ 和 $2\pi$，点是 $(0.081, 0.059), (1, 0), (-0.081, -0.059), (-1, 0)$，标签是 $0, 0, 1, 1$。
# - 先是第 0 条的 $n$ 个点，再是第 1 条的；点是 float32，标签是 int64；$n$ 至少是 2。
# - 两条各有各的噪声：先取反面，再加噪声。
# - 随机数只取自 `generator`：同一个种子两次相同，接着再取一次就不同；全局的随机数不许动。
# %% [markdown] lang="en"
# ### Exercise · two spirals · 15 min
#
# The first: $n$ radii $r$ evenly from 0.1 to 1 (both included), at the angles $2\pi \cdot \text{turns} \cdot r$; the points are $(r\cos, r\sin)$.
# The second is its opposite, $-x$: both coordinates change their sign.
# Then each coordinate of each point gets normal noise of its own, of mean 0 and standard deviation `noise`.
# For $n = 2$, one turn and no noise, for example, the angles are $0.2\pi$ and $2\pi$, the points are $(0.081, 0.059), (1, 0), (-0.081, -0.059), (-1, 0)$, and the labels $0, 0, 1, 1$.
# - The $n$ points of arm 0 come first, then those of arm 1; points are float32, labels int64; $n$ is at least 2.
# - Each arm has noise of its own: take the opposite first, then add noise.
# - Random numbers come from `generator` alone: the same with the same seed, others when you draw again; the global random numbers are left alone.
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
# 哪个函数均匀地取 $n$ 个值，两端都在内？半径和角度都只有 $n$ 个数：怎样并成 `n 2`？
# %% [markdown] lang="en" tags=["hint"]
# Which function gives $n$ even values, both ends included? Radius and angle have $n$ numbers each: how do they become `n 2`?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.randn` 有一个参数 `generator`：把它交进去，随机数就只从那里取。整批 $2n$ 个点一次取完。
# %% [markdown] lang="en" tags=["hint"]
# `torch.randn` has an argument `generator`: hand it over, and random numbers come from there only. Draw for all $2n$ points at once.
# %% [markdown] lang="zh" tags=["question"] see="SpiralMLP"
# 先预测：最好的一条直线，能分对这 400 个点里的百分之几？（瞎猜是 50%。）之后用 `nn.Linear(2, 2)` 和 `fit` 试试。
# %% [markdown] lang="en" tags=["question"] see="SpiralMLP"
# Predict: what share of these 400 points does the best straight line get right? (Guessing gets 50%.) Then try it with `nn.Linear(2, 2)` and `fit`.
# %% [markdown] lang="zh" tags=["answer"]
# 约 63%：用 `nn.Linear(2, 2)` 训练几百步，就停在那里；再好的直线也只多对几个点。
# 为什么不是 50%？每条螺旋线绕了 $1.5 \cdot 0.9 = 1.35$ 圈。过中心的直线把整圈切成两半，多出的 0.35 圈却可以几乎全在对的一边：$(0.5 + 0.35)/1.35 \approx 0.63$。
# 加上隐藏层而没有 tanh，也强不了多少：线性层叠起来还是线性的（`part0_maths`）。
# %% [markdown] lang="en" tags=["answer"]
# About 63%: train `nn.Linear(2, 2)` for some hundred steps, and there it stays; the best of all straight lines gets only a few points more.
# Why not 50%? Each spiral winds $1.5 \cdot 0.9 = 1.35$ times. A line through the middle cuts the full turn into halves, but the 0.35 that are left can be almost all on the correct side: $(0.5 + 0.35)/1.35 \approx 0.63$.
# Hidden layers without tanh don't help either: linear layers on top of each other are linear (`part0_maths`).
# %% [markdown] lang="zh"
# ### 练习 · 二维的隐藏层 · 15 分钟
#
# 要看见点被搬到哪里，就让最后一个隐藏层只有两个数：每个点搬到平面上的另一点，可以直接画出来。
# - `fold`：线性、tanh、线性、tanh、线性、tanh、线性，大小是 2、`width`、`width`、`width`、2；四个线性层各有自己的权重和偏置，用 `Linear` 或 `nn.Linear`；最后没有 tanh。
# - 像残差块一样，它只学差别：`hidden(x)` 是 `x + fold(x)`，所以 `fold(x)` 就是每个点挪动了多少、往哪边挪。
# - `fold` 的*最后*一层，权重和偏置都从 0 出发，但照样要学；别的层照旧随机。这样训练之前 `hidden(x)` 就是 `x`：螺旋线原样摆在那里。
# - `head` 是最后的线性层，2 到 2，是模型的属性，就叫这个名字（`fold` 的四层怎样存放、叫什么，不限）：模型的输出是 `head(hidden(x))`，中间不再有 tanh。它只会画一条直线。
#
# `width` 默认 32。例如 `SpiralMLP()` 刚造出来时，`hidden` 把 $(0.3, -0.7)$ 留在 $(0.3, -0.7)$。
# 除了 `fold` 的四层和 `head`，没有别的线性层；登记的顺序不限。
# %% [markdown] lang="en"
# ### Exercise · a hidden layer of two · 15 min
#
# To see where points are moved, give the last hidden layer two numbers only: each point moves to another point of the plane, which can simply be drawn.
# - `fold`: linear, tanh, linear, tanh, linear, tanh, linear, of the sizes 2, `width`, `width`, `width`, 2; each of the four linear layers has its own weight and bias, by `Linear` or `nn.Linear`; there is no tanh at the end.
# - As in a residual block it learns the difference only: `hidden(x)` is `x + fold(x)`, so `fold(x)` says how far each point moves, and which way.
# - Weight and bias of the *last* layer of `fold` begin at 0, but they learn; the other layers of the network begin at random, as usual. So `hidden(x)` is `x` before training: the spirals lie there untouched.
# - `head` is the last linear layer, 2 to 2, an attribute of the model under this name (how you keep the four layers of `fold`, and what you call them, is up to you): the model's output is `head(hidden(x))`, with no tanh in between. All it can draw is a straight line.
#
# `width` is 32 by default. When `SpiralMLP()` has just been made, for example, `hidden` leaves $(0.3, -0.7)$ at $(0.3, -0.7)$.
# There are no linear layers but the four of `fold` and `head`; register them in any order.
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
# 为什么 `fold` 的最后没有 tanh？它会把挪动压在 $-1$ 与 1 之间。
# %% [markdown] lang="en" tags=["hint"]
# Why is there no tanh at the end of `fold`? It would press how far a point moves between $-1$ and 1.
# %% [markdown] lang="zh" tags=["hint"]
# 先单独造出最后一层，用 `nn.init` 里的一个函数把它的每个参数填 0，再与别的层一起放进 `Sequential`。
# %% [markdown] lang="en" tags=["hint"]
# Make the last layer separately, fill each of its parameters with 0 by a function of `nn.init`, then put it into the `Sequential` with the others.
# %% [markdown] lang="zh" tags=["question"] see="SpiralMLP"
# `fold` 的最后一层从 0 出发，它还学得动吗？如果 `fold` 的*所有*层都从 0 出发呢？
# %% [markdown] lang="en" tags=["question"] see="SpiralMLP"
# The last layer of `fold` begins at 0: can it learn at all? And if *all* layers of `fold` began at 0?
# %% [markdown] lang="zh" tags=["answer"]
# 学得动：它的权重的梯度是“上游的梯度乘它的输入”，输入是前面随机的层给出的，不是 0。第一步之后它就不是 0 了，前面的层也开始有梯度。
# `fold` 的所有层都是 0 就坏了：tanh(0) = 0，最后一层的输入是 0，它的权重的梯度就是 0；最后一层的权重是 0，传到前面各层的梯度也是 0。`fold` 里只有最后一层的偏置在动：所有点只会一起平移。
# %% [markdown] lang="en" tags=["answer"]
# It can: the gradient of its weight is the gradient from above times its input, and that input comes from the random layers before, and isn't 0. After the first step the layer isn't 0 any more, and gradients reach the layers before it, too.
# With all layers of `fold` at 0 it fails: tanh(0) = 0, so the last layer's input is 0, and so is the gradient of its weight; and since that weight is 0, only gradients of 0 reach the layers before it. In `fold` only the last bias moves: all points can only shift together.
# %% [markdown] lang="zh" numbers="3 -2 0.5"
# ### 头画的直线
#
# 头给出两个 logit，哪个大就判为哪一类；分界就在两者相等处。
# logit 1 减去 logit 0，是 $a\,h_0 + b\,h_1 + c$：$(a, b)$ 是权重的第 1 行减第 0 行，$c$ 是偏置之差。它为正判为 1，为负判为 0，为 0 的点连成一条直线。
# 手算：权重的两行是 $(1, 2)$ 和 $(4, 0)$，偏置是 0.5 和 1：$(a, b, c) = (3, -2, 0.5)$。
#
# 把整个平面转一下、翻个面、平移、拉长，换一个分类头就抵消了：所有的点离原点远一倍，$a$ 和 $b$ 减半，每个点的 $a\,h_0 + b\,h_1 + c$ 一点不变。
# 所以换个种子再练，最后的图可以大不一样，网络却一样好：要看的是一刀能分开哪些点。
# %% [markdown] lang="en" numbers="3 -2 0.5"
# ### The line that the head draws
#
# The head gives two logits, and the larger one decides the class; the border is where they are equal.
# Logit 1 minus logit 0 is $a\,h_0 + b\,h_1 + c$, where $(a, b)$ is row 1 of the weight minus row 0, and $c$ is the difference of the biases. Positive means class 1, negative class 0, and the points where it is 0 form a straight line.
# By hand: with the rows $(1, 2)$ and $(4, 0)$ and the biases 0.5 and 1, $(a, b, c) = (3, -2, 0.5)$.
#
# Turn, mirror, shift or stretch the whole plane, and another head undoes it: with all points twice as far out and $a$ and $b$ halved, $a\,h_0 + b\,h_1 + c$ is the same for each.
# So trainings with different seeds may end in different pictures and be equally good: what counts is which points one cut separates.
# %%
if __name__ == "__main__":
    weight, bias = torch.tensor([[1.0, 2], [4, 0]]), torch.tensor([0.5, 1])
    print("a, b, c:", *(weight[1] - weight[0]).int().tolist(), (bias[1] - bias[0]).item())
    points, line = torch.tensor([[1.0, -2], [0, 3]]), weight[1] - weight[0]
    change = torch.tensor([[0.0, -2], [1, 0]])  # of the whole plane: a quarter turn, and one axis stretched
    moved, other = points @ change.T, line @ change.inverse()
    print("before and after the change:", (points @ line + 0.5).tolist(), (moved @ other + 0.5).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 看它解开 · 20 分钟
#
# 训练 `steps` 步，就地改动 `model`：`torch.optim.Adam`，除学习率 `lr` 外都用默认设置，整个训练只造一个；损失是平均交叉熵，所有的点作一批；每步之前清空梯度。
# 训练之前，以及之后每走满 `every` 步，拍一张照。返回所有照片里各点在隐藏层的位置，和*当时*头画的直线 $(a, b, c)$。
# - 例如 7 步、每 3 步：照片在 0、3、6 步之后，共 3 张；第 7 步照样要走，但不拍照。2 步、每 5 步：只有训练之前的一张。
# - `model` 有 `hidden` 和 `head`（带 `weight` 和 `bias` 的线性层，2 到 2），不一定是你的 `SpiralMLP`。
# - 照片和直线都不连着计算图。可以用 `fit`。
#
# 动画里只许映射在变：每一帧是同样的点、同样的颜色、同样的坐标范围。若训练停在六成，就盯着*训练*损失，分开试两样：把网络加大；或者网络不变，换学习率、换种子或多走些步。只有加大才降，是网络太小；换个训法就降，是没训好。
# %% [markdown] lang="en"
# ### Exercise · watch it unfold · 20 min
#
# Train `model` in place for `steps` steps: `torch.optim.Adam`, all but the learning rate `lr` at its defaults, made once for the whole training; the loss is the mean cross-entropy, all points in one batch; clear the gradients before each step.
# Before the training, and then after every `every` steps, take a picture. Return where each point lies in the hidden layer in each picture, and the line $(a, b, c)$ that the head draws *at that time*.
# - With 7 steps and a picture every 3, for example, there are 3 pictures, after 0, 3 and 6 steps; the seventh step is taken, too, without a picture. With 2 steps and one every 5 there is only the one before training.
# - `model` has `hidden` and `head` (a linear layer, 2 to 2, with `weight` and `bias`), and isn't always your `SpiralMLP`.
# - Pictures and lines hang on no graph. You may use `fit`.
#
# In the animation only the map may change: each frame has the same points, colours and range of axes. If training is stuck at 60%, watch the *training* loss and try two things separately: a larger network; or the same one with another learning rate, seed or more steps. If only the first helps, it was too small; if the second does, it was badly trained.
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
    folder = None  # until it is trained
    if tests.test_unfold(unfold) and tests.test_two_spirals(two_spirals) and tests.test_SpiralMLP(SpiralMLP):
        torch.manual_seed(0)
        folder, (x, y) = SpiralMLP(), two_spirals(200, 1.5, 0.01, torch.Generator().manual_seed(0))
        frames, lines = unfold(folder, x, y, steps=300, lr=3e-3, every=5)
        right = (torch.einsum("fpd,fd->fp", frames, lines[:, :2]) + lines[:, 2:] > 0) == y
        print(
            f"a line separates {right[0].float().mean():.0%} of the points at first, {right[-1].float().mean():.0%} at last"
        )
        figures.unfolding(frames, lines, y).show()


# %% [markdown] lang="zh" tags=["hint"]
# 步数从 0 数到 `steps`：什么时候拍照，什么时候走一步？最后一次还走吗？
# %% [markdown] lang="en" tags=["hint"]
# Count from 0 to `steps`: when do you take a picture, and when a step? Is there a step in the last turn?
# %% [markdown] lang="zh" tags=["hint"]
# `fit` 走一步只要一个批、一轮；优化器在循环之前造。
# %% [markdown] lang="en" tags=["hint"]
# One batch and one epoch make one step of `fit`; make the optimiser before the loop.
# %% [markdown] lang="zh" tags=["hint"]
# 照片和直线都在 `torch.no_grad()` 里算，就不连着计算图；偏置之差要留一个轴，才能与 $(a, b)$ 接起来。
# %% [markdown] lang="en" tags=["hint"]
# Compute pictures and lines under `torch.no_grad()`, and they hang on no graph; keep an axis in the difference of the biases, to join it to $(a, b)$.
# %% [markdown] lang="zh" tags=["question"] see="unfold"
# 最后一帧里，是直线弯了，还是平面变了？如果在*输入*的平面里画出判为 1 的区域，它的边界是什么样子？
# %% [markdown] lang="en" tags=["question"] see="unfold"
# In the last frame, has the line been bent, or the plane? And if you draw, in the plane of the *inputs*, the region that is called class 1, what does its border look like?
# %% [markdown] lang="zh" tags=["answer"]
# 变的是平面：直线从头到尾是直的（它自己也在转动和平移）。
# 在输入的平面里，边界是这条直线“搬回来”的样子：一条夹在两条螺旋线中间、跟着它们转的曲线。
# 可以验证：在一个网格上算 `folder(grid)` 的 `argmax`，画出来。
# %% [markdown] lang="en" tags=["answer"]
# The plane: the line is straight from the first frame to the last (though it turns and shifts, too).
# In the plane of the inputs the border is that line carried back: a curve between the two spirals, winding along with them.
# You can check it: compute the `argmax` of `folder(grid)` on a grid of points, and draw it.
# %%
def area_factors(grid: Float[Tensor, "rows columns 2"], side: float) -> Float[Tensor, "rows-1 columns-1"]:
    """How many times as large each square of this side has become; below 0 if it is mirrored."""
    corner = grid[:-1, :-1]
    a, b = (grid[1:, :-1] - corner) / side, (grid[:-1, 1:] - corner) / side  # where the square's two sides lie now
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]  # the determinant of the two


if __name__ == "__main__":
    places = torch.linspace(-1.2, 1.2, 49)  # 0.05 apart
    grid = torch.cartesian_prod(places, places).reshape(49, 49, 2)  # all pairs, over the plane of the inputs
    for name, changed in (("twice as wide and high", 2 * grid), ("axes exchanged", grid.flip(-1))):
        print(f"{name}: each square times {area_factors(changed, 0.05).mean():.0f}")
    if folder is not None:
        with torch.no_grad():
            carried = folder.hidden(grid.flatten(0, 1)).reshape(49, 49, 2)
        factors = area_factors(carried, 0.05)
        print(f"by the network: up to {factors.abs().max():.0f} times, {(factors < 0).float().mean():.0%} mirrored")
        figures.carried(carried, frames[-1], y).show()


# %% [markdown] lang="zh"
# 上一格把输入平面上的一张方格网也一起搬了过去。
# 点只说出有数据的地方怎样了；网还说出它们之间和之外怎样了。格子拉大的地方，相近的输入也分得开；挤小的地方，不同的输入几乎并在一起；有的翻了面、有的没翻，平面就折了起来，不同的输入落在同一点上。
# 所以我们的网络不是同胚：中间有 32 个数，它可以折。
#
# 两个数，头看到的你全看得到。若是 64 个，就得先压到平面上，例如投影到点散得最开的两个方向上（主成分，`part5_vaes`）。
# 在影子里叠在一起的两类，在 64 维里也许分得很开；头的分界在影子里一般也不再是一条线。
#
# **读物**：Christopher Olah，*Visualizing Representations: Deep Learning and Human Beings*（英文，他的博客），讲怎样把几百个数压到平面上来看，又会看漏什么。
# 读时想：两个权重完全不同的网络，怎样比较它们“看到的”是不是一样？
# %% [markdown] lang="en"
# The cell above moves a grid of squares along, drawn over the plane of the inputs.
# Points only show what happens where there are data; the grid also shows what happens between and outside. Where squares are stretched, even near inputs are told apart; where they are squeezed, different inputs nearly become one; where some are mirrored and others aren't, the plane is folded, and different inputs lie on one spot.
# So our network is no homeomorphism: with 32 numbers in between, it can fold.
#
# Two numbers show all that the head sees. With 64 you would have to press them onto a plane, say the plane of the two directions along which points spread most (the principal components, `part5_vaes`).
# Two classes that overlap in that shadow may lie far apart in the 64 dimensions, and in it the head's border is usually no line any more.
#
# **Reading**: Christopher Olah, *Visualizing Representations: Deep Learning and Human Beings* (in English, on his blog), tells how to draw hundreds of numbers on a plane, and what that hides.
# While you read: with two networks whose weights have nothing in common, how can one compare what they "see"?
# %% [markdown] lang="zh"
# ## 7 · 这些零件还会回来
#
# 钩子和 NaN 的查法，往后每一课调试都用得上；冻结主干、换头，是第 4 天 `part4_experiments` 微调的起点，那里也接着问“预训练有没有用”；消融的日志在那里变成 `RunLog` 和 `run_experiment`。
# 对输入求梯度，第 5 天 `part5_gans` 还要用：生成器（造图的网络）靠判别器（辨真假的网络）对图的梯度学习。
#
# 合上书，试着说出：钩子什么时候只是看、什么时候改了结果；NaN 为什么要找*第一个*；`requires_grad_(False)` 管什么、不管什么；随机的滤波器有多像边缘，为什么要知道；网络对一张图百分之百肯定，能说明什么；消融会在哪两处骗人；是线弯了还是点搬了。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 7 · Where these pieces come back
#
# Hooks, and the hunt for NaN, help whenever something must be debugged from here on; a frozen body with a new head is where the fine-tuning of `part4_experiments` on day 4 begins, which goes on to ask whether pretraining helps; and the log of the ablation becomes `RunLog` and `run_experiment` there.
# Gradients with respect to an input are used again in `part5_gans` on day 5: the generator (a network that makes pictures) learns by the gradient of the discriminator (one that tells real from made) with respect to the picture.
#
# Without looking up, try to say: when a hook only looks, and when it changes the result; why it is the *first* NaN that you look for; what `requires_grad_(False)` governs and what it doesn't; how much of an edge a random filter is, and why one should know; what it means that a network is certain of a picture; the two ways in which an ablation misleads; whether the line bends or the points move.
# Whichever you can't say, go back to its cell.
