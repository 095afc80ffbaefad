"""One test per exercise of day 2's third lesson; each is called from its cell, and collected by pytest."""

import contextlib
import copy
import math

import torch
import torch.nn.functional as F
from part2_cnns.agreement import fails_by, noise, unnoted
from part2_cnns.agreement import made as built
from part2_resnets.solutions import SmallResNet
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from coach import case, close, holds, judged, raises
from coach.judging.compare import OBSERVERS


class Net(nn.Module):
    """A body with all that can move in training, a branch that a walk must go down, and a head."""

    inner: nn.Sequential

    def __init__(self, n_classes: int = 4) -> None:
        super().__init__()
        inner = nn.Sequential(nn.Conv2d(1, 3, 2), nn.BatchNorm2d(3))
        self.__dict__["inner"] = inner  # not registered: it is a part of the body
        self.body = nn.Sequential(inner, nn.ReLU(), nn.Dropout(0.4), nn.Flatten())
        self.head = nn.Linear(36, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


def made(n_classes: int = 4) -> Net:
    """A `Net` after a step or two of life: its running statistics have moved."""
    torch.manual_seed(3)
    net = Net(n_classes)
    with torch.no_grad():
        net(3 + 2 * torch.randn(8, 1, 5, 4))
    return net


def state(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def hooks_of(net: nn.Module) -> list[tuple]:
    """The forward hooks of each module, and its mode."""
    return [(tuple(module._forward_hooks), module.training) for module in net.modules()]


# Hooks


@judged
def test_add_hook(add_hook):
    net, names = made(), []
    expected = [id(module) for module in (net, net.body, *net.body, *net.inner, net.head)]
    shared = nn.Sequential(net.head, net.head, nn.Sequential(net.head))  # one module, three times

    def hook(module, inputs, output):
        names.append(id(module))

    handles = add_hook(net, hook)
    zh, en = "应当返回句柄的列表", "it should return a list of handles"
    holds(isinstance(handles, list | tuple) and all(hasattr(handle, "remove") for handle in handles), zh=zh, en=en)
    net(torch.zeros(1, 1, 5, 4))
    missing = [type(module).__name__ for module in net.modules() if id(module) not in names]
    zh, en = f"这些模块没有叫钩子：{missing}", f"these modules never called the hook: {missing}"
    holds(not missing, zh=zh, en=en)
    zh, en = "每个模块只挂一次", "each module needs the hook once"
    holds(len(names) == len(expected), zh=zh, en=en)
    zh, en = "钩子要在前向之后叫，子模块先于外层", "a hook is called after the forward: the inner modules come first"
    holds(names[0] == id(net.inner[0]) and names[-1] == expected[0], zh=zh, en=en)
    for handle in handles:
        handle.remove()
    names.clear()
    net(torch.zeros(1, 1, 5, 4))
    holds(not names, zh="取下所有句柄之后，还有钩子挂着", en="with all handles removed, a hook is still there")
    with case(zh="同一个模块用了三次", en="one module used three times"):
        close(len(add_hook(shared, hook)), 3)
    layer, x = nn.Linear(2, 3), torch.randn(4, 2)
    before = layer(x).detach()
    layer.register_forward_hook(lambda *_: names.append("another's"))
    add_hook(layer, lambda module, inputs, output: -output)
    with case(zh="钩子返回一个张量", en="a hook that returns a tensor"):
        close(layer(x), -before)
    holds("another's" in names, zh="别人的钩子不见了", en="another's hook is gone")


@judged(skip={"inputs": "the list of handles may be emptied"})
def test_remove_hooks(remove_hooks):
    net, called = made(), []
    mine = [module.register_forward_hook(lambda *_: called.append("mine")) for module in net.modules()]
    net.head.register_forward_hook(lambda *_: called.append("another's"))
    count = len(mine)
    remove_hooks(mine[2:4])
    net(torch.zeros(1, 1, 5, 4))
    with case(zh="只取下其中两个之后，还叫到几个", en="two of them taken off: how many are still called"):
        close(called.count("mine"), count - 2)
    remove_hooks(list(mine))  # two of them are off already
    called.clear()
    net(torch.zeros(1, 1, 5, 4))
    close(called, ["another's"])
    remove_hooks([])
    remove_hooks([net.head.register_forward_pre_hook(lambda *_: called.append("before"))])
    net(torch.zeros(1, 1, 5, 4))
    close(called, ["another's"] * 2)


@judged
def test_hook_check_for_nan_output(hook_check_for_nan_output):
    layer, x = nn.Linear(2, 3), torch.randn(4, 2)
    bad, good = torch.zeros(4, 3), torch.randn(4, 3)
    bad[2, 1] = math.nan
    infinite = torch.tensor([1.0, math.inf, -math.inf, 0])
    close(hook_check_for_nan_output(layer, (x,), good), None)
    with case(zh="输出里有无穷", en="infinity in the output"):
        hook_check_for_nan_output(layer, (x,), torch.tensor([1.0, math.inf]))
        hook_check_for_nan_output(layer, (x,), infinite)
        hook_check_for_nan_output(layer, (x,), (good, infinite))
    with case(zh="输入里有 NaN，输出里没有", en="NaN in the input, none in the output"):
        hook_check_for_nan_output(layer, (x * math.nan,), good)
    with case(zh="输入和输出里都有 NaN", en="NaN in the input and in the output"):
        raises(ValueError, hook_check_for_nan_output, layer, (x * math.nan,), bad)
    with case(zh="输出全是 NaN", en="nothing but NaN"):
        fails_by(ValueError, hook_check_for_nan_output, layer, (x,), bad * math.nan)
        raises(ValueError, hook_check_for_nan_output, layer, (x,), bad * math.nan)
    with case(zh="输出里有一个 NaN", en="one NaN in the output"):
        raises(ValueError, hook_check_for_nan_output, layer, (x,), bad)
    with case(zh="模块没有输入", en="a module without inputs"):
        raises(ValueError, hook_check_for_nan_output, layer, (), bad)
    with case(zh="输出是元组", en="the output is a tuple"):
        raises(ValueError, hook_check_for_nan_output, layer, (x,), (bad, good))
        raises(ValueError, hook_check_for_nan_output, layer, (x,), (good, bad))
        hook_check_for_nan_output(layer, (x,), (good, None))
    with case(zh="输出是 `nn.LSTM` 的", en="the output of an `nn.LSTM`"):
        hook_check_for_nan_output(nn.LSTM(2, 3), (x,), (good, (good, good)))
        raises(ValueError, hook_check_for_nan_output, nn.LSTM(2, 3), (x,), (good, (bad, good)))
        raises(ValueError, hook_check_for_nan_output, nn.LSTM(2, 3), (x,), (good, (good, bad)))
    with case(zh="元组里有元组，其中又有元组", en="tuples in tuples in a tuple"):
        raises(ValueError, hook_check_for_nan_output, layer, (x,), (good, (None, (good, (bad,)))))
    for module in (layer, nn.Tanh()):
        raises(ValueError, hook_check_for_nan_output, module, (x,), bad, words=type(module).__name__)


# Feature extraction


def grown(n_classes: int = 4) -> SmallResNet:
    """A small network after some steps of life: its running statistics have moved."""
    torch.manual_seed(3)
    net = SmallResNet(n_classes, width=3)
    with torch.no_grad():
        for _ in range(3):
            net(3 + 2 * torch.randn(8, 1, 8, 8))
    return net


def same_state(module: nn.Module, before: dict[str, Tensor], *, zh: str, en: str) -> None:
    now = module.state_dict()
    changed = [name for name in before if not now[name].equal(before[name])]
    holds(not changed, zh=f"{zh}：`{', '.join(changed[:3])}`", en=f"{en}: `{', '.join(changed[:3])}`")


@judged
def test_get_resnet_for_feature_extraction(get_resnet_for_feature_extraction):
    pretrained = grown()
    before, body = state(pretrained), state(pretrained.body)
    torch.manual_seed(5)
    model = get_resnet_for_feature_extraction(7, pretrained)
    close(tuple(model.head.weight.shape), (7, 12))
    zh, en = "原来的网络被改动了", "the original was changed"
    holds(list(pretrained.state_dict()) == list(before) and pretrained.head.weight.shape == (4, 12), zh=zh, en=en)
    same_state(pretrained, before, zh=zh, en=en)
    holds(model is not pretrained, zh="返回的就是原来的网络，不是拷贝", en="it returned the original, not a copy")
    holds(all(p.requires_grad for p in pretrained.parameters()), zh="原来的网络被冻结了", en="the original was frozen")
    zh, en = "原来的网络换了模式", "the mode (train, eval) of the original has changed"
    holds(all(module.training for module in pretrained.modules()), zh=zh, en=en)
    close(sorted(model.body.state_dict()), sorted(body))
    zh, en = "主干与原来的不同", "the body is not that of the original"
    same_state(model.body, {name: body[name] for name, _ in pretrained.body.named_parameters()}, zh=zh, en=en)
    same_state(model.body, body, zh=zh, en=en)
    asking = [name for name, p in model.body.named_parameters() if p.requires_grad]
    whole = len(asking) == len(list(model.body.parameters()))
    holds(not whole, zh="主干还要求梯度", en="the body still asks for gradients")
    zh, en = f"主干的一部分还要求梯度：`{asking[:3]}`", f"parts of the body still ask for gradients: `{asking[:3]}`"
    holds(not asking, zh=zh, en=en)
    learns = all(p.requires_grad for p in model.head.parameters())
    holds(learns, zh="新的头也被冻结了", en="the new head is frozen too")
    spread = model.head.weight.detach().flatten(1).std(dim=1)
    holds((spread > 0).all(), zh="新的头应当随机出发", en="the new head should begin at random")
    model.eval()
    x = noise(5, 1, 8, 8)
    with case(zh="与主干和头算出来的相差", en="the difference to what body and head make"):
        close(model(x) - F.linear(model.body(x), model.head.weight, model.head.bias), torch.zeros(5, 7))
    with torch.no_grad():
        for value in (*model.body.parameters(), *model.body.buffers()):
            value.add_(1)
    same_state(pretrained, before, zh="与原来的网络共用内存", en="it shares its memory with the original")
    torch.manual_seed(5)
    again = get_resnet_for_feature_extraction(4, pretrained)  # as many classes as before
    zh, en = "头是旧的：类别一样多时也要新的", "the head is the old one: it should be new for as many classes, too"
    holds(not again.head.weight.equal(before["head.weight"]), zh=zh, en=en)
    with case(zh="`pretrained` 是 float64 时，头的 dtype", en="the head's dtype where `pretrained` is float64"):
        exact = get_resnet_for_feature_extraction(3, grown().double())
        close([p.dtype for p in exact.head.parameters()], [torch.float64, torch.float64])
    with case(zh="没有 `pretrained` 时", en="without `pretrained`"):
        torch.manual_seed(5)
        fresh = get_resnet_for_feature_extraction(3)
        close(tuple(fresh(torch.randn(2, 1, 8, 8)).shape), (2, 3))
        flags = {p.requires_grad for p in fresh.body.parameters()}, {p.requires_grad for p in fresh.head.parameters()}
        zh, en = "主干冻结，头不冻结", "the body is frozen, the head is not"
        holds(flags == ({False}, {True}), zh=zh, en=en)


@judged
def test_train_head(train_head):
    model = grown()
    model.body.requires_grad_(False)
    body = state(model.body)
    images, labels = torch.randn(70, 1, 8, 8), torch.randint(0, 4, (70,))
    twin = copy.deepcopy(model)
    twin.eval()
    optimizer, expected = torch.optim.Adam(twin.head.parameters(), lr=0.05), []
    features = twin.body(images).detach()
    for _ in range(12):
        loss = F.cross_entropy(twin.head(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    for p in model.head.parameters():
        p.grad = torch.randn_like(p)  # from another loss, before
    model.train()
    got = train_head(model, TensorDataset(images, labels), 12, 0.05)
    now = state(model.body)
    parameters = [name for name, _ in model.body.named_parameters()]
    zh, en = "主干的参数变了", "parameters of the body have changed"
    holds(all(now[name].equal(body[name]) for name in parameters), zh=zh, en=en)
    zh, en = "批归一化的运行统计量变了", "the batch norm's running statistics have changed"
    holds(all(now[name].equal(body[name]) for name in body), zh=zh, en=en)
    close(list(got), expected, rtol=1e-5, atol=1e-6)
    floats = all(isinstance(loss, float) for loss in got)
    holds(floats, zh="损失应当是 Python 的浮点数：`.item()`", en="the losses should be Python floats: `.item()`")
    close(dict(model.head.state_dict()), dict(twin.head.state_dict()), rtol=1e-3, atol=1e-4)


# Filters


def edge_by_hand(theta: float, size: int) -> Tensor:
    middle, rows = (size - 1) / 2, []
    for row in range(size):
        y = row - middle
        values = [(x * math.cos(theta) + y * math.sin(theta), x) for x in (column - middle for column in range(size))]
        rows.append([along * math.exp(-(x * x + y * y) / (2 * (size / 4) ** 2)) for along, x in values])
    norm = math.sqrt(sum(value * value for row in rows for value in row))
    return torch.tensor([[[value / norm for value in row] for row in rows]])


@judged
def test_edge_detector(edge_detector):
    for theta, size in ((0.0, 3), (math.pi / 2, 5), (math.pi, 5), (0.7, 7), (-2.2, 4), (4.0, 5)):
        expected = edge_by_hand(theta, size)
        close(edge_detector(theta, size), expected)
    close(edge_detector(), edge_by_hand(0.0, 7))


@judged
def test_edge_likeness(edge_likeness):
    close(edge_likeness(torch.stack([edge_by_hand(0.4, 7), edge_by_hand(2.0, 7)])), torch.ones(2))
    size = 5
    edges = torch.stack([2.5 * edge_by_hand(theta, size) for theta in (0.3, 2.0, -1.1)])
    close(edge_likeness(edges), torch.ones(3))
    close(edge_likeness(-edges[:1]), torch.ones(1))  # the other way round it is an edge too
    flat, blob = torch.ones(1, 1, size, size), edge_by_hand(0, size).abs()[None]
    close(edge_likeness(torch.cat([flat, blob, 0 * flat, edges[:1]])), torch.tensor([0.0, 0, 0, 1]))
    for scale in (1e-6, 1e-10, 1e6):
        with case(zh=f"滤波器乘以 {scale:g}", en=f"filters times {scale:g}"):
            close(edge_likeness(scale * edges), torch.ones(3))
    torch.manual_seed(5)
    filters = torch.randn(6, 1, 7, 7)
    angles = torch.linspace(0, 2 * math.pi, 2001).tolist()
    detectors = torch.stack([edge_by_hand(theta, 7) for theta in angles[::8]])
    best = (filters.flatten(1) @ detectors.flatten(1).T).amax(dim=1) / filters.flatten(1).norm(dim=1)
    close(edge_likeness(filters), best, rtol=1e-3)
    axes = torch.stack([edge_by_hand(theta, 7) for theta in (0, math.pi / 2)]).flatten(1)
    exact = (filters.flatten(1) @ axes.T).norm(dim=1) / filters.flatten(1).norm(dim=1)
    close(edge_likeness(filters), exact, rtol=1e-5, atol=1e-6)
    with case(zh="只有一点点像边缘的滤波器", en="filters that are just a little of an edge"):
        close(edge_likeness(flat + 1e-3 * edges), torch.full((3,), 5e-4), atol=1e-6)


def ascended(activation, start: Tensor, steps: int, lr: float, penalty: float) -> Tensor:
    """The same ascent, with central differences in float64, one pixel at a time."""
    image = start.double()
    for _ in range(steps):
        gradient = torch.zeros_like(image)
        for i in range(image.numel()):
            step = torch.zeros(image.numel(), dtype=torch.float64)
            step[i] = 1e-5
            step = step.reshape(image.shape)
            up, down = (activation(image + s).sum() - penalty * ((image + s) ** 2).sum() for s in (step, -step))
            gradient.view(-1)[i] = (up - down) / 2e-5
        image = (image + lr * gradient).clamp(0, 1)
    return image.float()


@judged
def test_maximise_activation(maximise_activation):
    start = torch.full((1, 1, 2, 2), 0.5)
    weight = torch.tensor([[[[1.0, -1], [0.2, 0]]]])

    def linear(x):
        return (weight.to(x) * x).sum(dim=(1, 2, 3))

    close(maximise_activation(linear, start, 1, 0.1), torch.tensor([[[[0.6, 0.4], [0.52, 0.5]]]]))
    close(maximise_activation(linear, start, 30, 0.1), torch.tensor([[[[1, 0], [1, 0.5]]]]))
    close(maximise_activation(linear, start, 200, 0.1, 1.0), torch.tensor([[[[0.5, 0], [0.1, 0]]]]))  # w / (2 penalty)
    close(maximise_activation(linear, start, 0, 0.1), start)

    with case(zh="输入为 float64 时", en="on float64"):
        close(str(maximise_activation(linear, start.double(), 2, 0.1).dtype), "torch.float64")

    def near_one(x):
        return -((x - 1) ** 2).sum(dim=(1, 2, 3))

    with case(zh="每一步之后都截断", en="clamped after each step"):
        close(maximise_activation(near_one, start, 2, 0.9), torch.ones(1, 1, 2, 2))  # unclamped: 1.4, then 0.68
    torch.manual_seed(6)
    net = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Tanh(), nn.Flatten(), nn.Linear(12, 2))
    exact, before = copy.deepcopy(net).double(), state(net)
    gradients = [torch.randn_like(p) for p in net.parameters()]
    for p, gradient in zip(net.parameters(), gradients, strict=True):
        p.grad = gradient.clone()
    images = torch.rand(2, 2, 3, 3)
    kept = images.clone()
    expected = ascended(lambda x: exact(x).diagonal(), images, 3, 0.3, 0.1)
    got = maximise_activation(lambda x: net(x).diagonal(), images, 3, 0.3, 0.1)
    holds(images.equal(kept), zh="传入的 `start` 被改动了", en="`start` was changed")
    close(got, expected, rtol=1e-3, atol=1e-4)
    holds(not got.requires_grad, zh="结果还连着计算图：`detach()`", en="the result still hangs on a graph: `detach()`")
    close(dict(net.state_dict()), before)
    untouched = all(p.grad is not None and p.grad.equal(g) for p, g in zip(net.parameters(), gradients, strict=True))
    zh, en = (
        "模型参数的 `.grad` 变了：用 `torch.autograd.grad`",
        "the model's `.grad` changed: use `torch.autograd.grad`",
    )
    holds(untouched, zh=zh, en=en)


@judged
def test_ablate_channel(ablate_channel):
    net, seen = made(), []
    net.eval()
    net.head.train()  # a head has no modes, but its flag must stay
    net.body[0].register_forward_hook(lambda module, inputs, output: seen.append("another's"))
    images = torch.randn(3, 1, 5, 4)
    with torch.no_grad():
        whole = net(images)
    before, hooks = state(net), hooks_of(net)
    for channel in (1, 2, 0):
        with torch.no_grad():
            inner = net.body[0](images)
            inner[:, channel] = 0
            expected = net.head(inner.relu().flatten(1))
        close(ablate_channel(net, net.body[0], channel, images), expected)
        zh, en = (
            "之后不再记录计算图：`no_grad` 要用 `with`",
            "afterwards no graphs are recorded any more: use `no_grad` by `with`",
        )
        holds(torch.is_grad_enabled(), zh=zh, en=en)
        with torch.no_grad():
            close(net(images), whole)
    with torch.no_grad():
        inner = net.inner[0](images)
        inner[:, 1] = 0
        expected = net.head(net.inner[1](inner).relu().flatten(1))
    with case(zh="另一层", en="another layer"):
        close(ablate_channel(net, net.inner[0], 1, images), expected)
    holds(not ablate_channel(net, net.body[0], 1, images).requires_grad, zh="不需要梯度", en="no gradients are needed")
    unchanged(net, before, hooks)
    with torch.no_grad():
        ablate_channel(net, net.body[0], 1, images)
        off = not torch.is_grad_enabled()
    zh, en = (
        "调用之前梯度是关着的，之后却打开了：用 `with torch.no_grad()`",
        "gradients were off before the call, and are on after it: use `with torch.no_grad()`",
    )
    holds(off, zh=zh, en=en)
    passing = nn.Sequential(nn.Identity(), nn.Flatten(), nn.Linear(24, 2)).eval()
    colours = torch.randn(2, 3, 2, 4)
    silent = colours.clone()
    silent[:, 1] = 0
    with torch.no_grad():
        expected = passing(silent)
    with case(zh="`layer` 原样返回输入", en="`layer` returns its input itself"):
        close(ablate_channel(passing, passing[0], 1, colours), expected)  # `judged` sees to it that `colours` stays
    colours[:, 1], colours[0, 1, 0] = math.nan, math.inf
    with case(zh="这个通道里是 NaN 和无穷", en="NaN and infinity in this channel"):
        close(ablate_channel(passing, passing[0], 1, colours), expected)
    with case(zh="前向出错时", en="if the forward fails"):
        raises(RuntimeError, ablate_channel, net, net.body[0], 1, torch.randn(4, 1, 9, 9))
    with case(zh="前向出错之后", en="after the forward has failed"):
        unchanged(net, before, hooks)
    failing = net.head.register_forward_pre_hook(fails)
    with case(zh="前向出错时", en="if the forward fails"):
        raises(KeyError, ablate_channel, net, net.body[0], 1, images)
    failing.remove()
    with case(zh="前向出错之后", en="after the forward has failed"):
        unchanged(net, before, hooks)
    stopping = net.head.register_forward_pre_hook(is_stopped)
    with case(zh="前向被中断（`KeyboardInterrupt`）之后", en="after a `KeyboardInterrupt` in the forward"):
        with contextlib.suppress(KeyboardInterrupt):
            ablate_channel(net, net.body[0], 1, images)
            holds(False, zh="中断没有继续往外传", en="it did not go on to the caller")
        stopping.remove()
        unchanged(net, before, hooks)


def fails(module: nn.Module, inputs: tuple) -> None:
    raise KeyError("an error of the model's own")


def is_stopped(module: nn.Module, inputs: tuple) -> None:
    raise KeyboardInterrupt


def unchanged(net: nn.Module, before: dict[str, Tensor], hooks: list[tuple]) -> None:
    """Raises `Wrong` unless the model's hooks, modes, parameters and buffers are as they were."""
    now, total = hooks_of(net), sum(len(own) for own, _ in hooks)
    left = sum(len(own) for own, _ in now) - total
    holds(left <= 0, zh="钩子没有取下", en="the hook is still there")
    zh, en = "别人的钩子也被取下了", "another's hook was taken off as well"
    holds([own for own, _ in now] == [own for own, _ in hooks], zh=zh, en=en)
    same = [mode for _, mode in now] == [mode for _, mode in hooks]
    holds(same, zh="有模块的 train/eval 模式变了", en="the mode (train, eval) of a module has changed")
    same_state(net, before, zh="模型的参数或 buffer 变了", en="parameters or buffers of the model have changed")


# Spirals


@judged
def test_two_spirals(two_spirals):
    for n, turns in ((4, 1.0), (3, 0.3)):
        arm = []
        for k in range(n):
            r = 0.1 + 0.9 * k / (n - 1)
            arm.append([r * math.cos(2 * math.pi * turns * r), r * math.sin(2 * math.pi * turns * r)])
        expected = torch.tensor(arm + [[-a, -b] for a, b in arm])
        x, y = two_spirals(n, turns, 0.0, torch.Generator().manual_seed(0))
        close(x, expected)
        close(y, torch.tensor([0] * n + [1] * n))
    clean, _ = two_spirals(3000, 2.0, 0.0, torch.Generator())
    generator, world = torch.Generator().manual_seed(1), torch.get_rng_state()
    with unnoted():  # which random numbers they are says nothing of a mistake
        first, second = (two_spirals(3000, 2.0, 0.3, generator)[0] - clean for _ in range(2))
        again, other = (two_spirals(3000, 2.0, 0.3, torch.Generator().manual_seed(s))[0] - clean for s in (1, 2))
    zh, en = "随机数应当只取自 `generator`", "random numbers should come from `generator` only"
    holds(first.equal(again) and not first.equal(other), zh=zh, en=en)
    holds(torch.get_rng_state().equal(world), zh=zh, en=en)
    zh, en = "再取一次，噪声应当不同", "a second draw should have other noise"
    holds(not first.equal(second), zh=zh, en=en)
    outward = F.normalize(clean, dim=1)
    along = (first * outward).sum(dim=1)
    across = first[:, 0] * outward[:, 1] - first[:, 1] * outward[:, 0]
    for part in (first, along, across, first[:1000], first[2000:3000], first[5000:]):
        spread = float(part.std())
        if OBSERVERS:  # how much too large or too small
            close(round(4 * math.log2(max(spread, 1e-9) / 0.3)), 0)
        zh, en = f"噪声的标准差应为 0.3，得到 {spread:.2g}", f"noise of deviation 0.3, not {spread:.2g}"
        holds(0.27 < spread < 0.33, zh=zh, en=en)
        holds(abs(float(part.mean())) < 0.04, zh="噪声的均值应为 0", en="the noise should have mean 0")
    within = float((first.abs() < 0.3).float().mean())  # 68% of a normal distribution, 58% of an even one
    zh, en = (
        f"正态噪声有 68% 在一个标准差以内，得到 {within:.0%}",
        f"68% of normal noise is within a deviation, not {within:.0%}",
    )
    holds(0.66 < within < 0.71, zh=zh, en=en)
    beyond = float((first.abs() > 0.6).float().mean())
    zh, en = (
        f"正态噪声有 4.6% 超出两个标准差，得到 {beyond:.1%}",
        f"4.6% of normal noise is beyond two deviations, not {beyond:.1%}",
    )
    holds(0.037 < beyond < 0.055, zh=zh, en=en)
    zh, en = "每个坐标、每个点的噪声应当各不相同", "each coordinate of each point has its own noise"
    holds(abs(float((first[:, 0] * first[:, 1]).mean())) < 0.01, zh=zh, en=en)
    between = float((first[:3000] * first[3000:]).mean())
    if OBSERVERS:
        close(round(20 * between), 0)
    holds(abs(between) < 0.01, zh=zh, en=en)


def plain_mlp(width: int) -> nn.Module:
    sizes, layers = [2, width, width, width], []
    for a, b in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(a, b), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(width, 2))


def linear_layers(model: nn.Module) -> list[nn.Module]:
    """The layers with a weight of their own, in the order in which the model uses them."""
    used: list[nn.Module] = []
    layers = [layer for layer in model.modules() if isinstance(getattr(layer, "weight", None), nn.Parameter)]
    handles = [layer.register_forward_hook(lambda layer, *_: used.append(layer)) for layer in layers]
    with torch.no_grad(), unnoted():
        model(torch.zeros(1, 2))
    for handle in handles:
        handle.remove()
    return used


@judged
def test_SpiralMLP(SpiralMLP):
    names = [f"fold {i + 1}" for i in range(4)] + ["head"]
    for width in (5, 3, 32):
        mine = built(SpiralMLP, width) if width < 32 else built(SpiralMLP)
        torch.manual_seed(4)
        fold, head = plain_mlp(width), nn.Linear(2, 2)
        sources = [layer for layer in [*fold, head] if isinstance(layer, nn.Linear)]  # type: ignore
        layers = linear_layers(mine)
        with case(zh="按使用顺序，各线性层权重的形状", en="the shapes of the linear layers' weights, in order of use"):
            close([tuple(layer.weight.shape) for layer in layers], [tuple(layer.weight.shape) for layer in sources])  # type: ignore
        zh, en = "有一层用了两次：每一层都要是自己的", "one layer is used twice: each should be a layer of its own"
        holds(len({id(layer) for layer in layers}) == 5, zh=zh, en=en)
        zh, en = "最后一个用到的线性层应当是 `head`", "the linear layer that is used last should be `head`"
        holds(layers[-1] is mine.head, zh=zh, en=en)
        x = 2 * noise(7, 2)
        last = [float(value.detach().abs().sum()) == 0 for value in (layers[3].weight, layers[3].bias)]  # type: ignore
        if OBSERVERS:
            close(last, [True, True])
            holds(mine.hidden(x).allclose(x), zh="", en="")  # type: ignore
        else:
            with case(zh="训练之前", en="before training"):
                close(mine.hidden(x), x)  # type: ignore
        for i in (0, 1, 2, 4):
            zh, en = (
                f"只有 `fold` 最后一层从 0 出发，{names[i]} 不是",
                f"only the last layer of `fold` begins at 0, not {names[i]}",
            )
            holds(layers[i].weight.std() > 0, zh=zh, en=en)  # type: ignore
        with torch.no_grad():
            for layer, source in zip(layers, sources, strict=True):
                layer.weight.copy_(source.weight.mul_(2))  # type: ignore
                layer.bias.copy_(source.bias.mul_(2))  # type: ignore
        expected = x + fold(x)
        for training in (True, False):
            mine.train(training)
            close(mine.hidden(x), expected)  # type: ignore
            close(mine(x), head(expected))
        upstream = noise(7, 2, seed=1)
        head(expected).backward(upstream)
        mine(x).backward(upstream)
        for name, layer, source in zip(names, layers, sources, strict=True):
            for part in ("weight", "bias"):
                got = getattr(layer, part).grad
                zh, en = f"没有梯度到达 {name} 的 `{part}`", f"no gradient reaches `{part}` of {name}"
                holds(got is not None, zh=zh, en=en)
                with case(zh=f"{name} 的 `{part}` 的梯度", en=f"gradient of `{part}` of {name}"):
                    close(got, getattr(source, part).grad, rtol=1e-3, atol=1e-4)


class Bend(nn.Module):
    """A small model with a hidden layer of two."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
        self.head = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.hidden(x))


@judged
def test_unfold(unfold):
    torch.manual_seed(7)
    for steps, lr, every in ((7, 0.05, 3), (4, 0.1, 2), (2, 0.05, 5)):
        model, x = Bend(), torch.randn(11, 2)
        y = (x[:, 0] * x[:, 1] > 0).long()
        twin = copy.deepcopy(model)
        optimizer, frames, heads = torch.optim.Adam(twin.parameters(), lr=lr), [], []
        for step in range(steps + 1):
            if step % every == 0:
                frames.append(twin.hidden(x).detach())
                heads.append(copy.deepcopy(twin.head))
            if step < steps:
                optimizer.zero_grad()
                F.cross_entropy(twin(x), y).backward()
                optimizer.step()
        expected = torch.stack([torch.cat([h.weight[1] - h.weight[0], h.bias[1:] - h.bias[:1]]) for h in heads])
        for p in model.parameters():
            p.grad = torch.randn_like(p)  # from another loss, before
        result = unfold(model, x, y, steps, lr, every)
        zh, en = "应当返回两个张量：照片和直线", "it should return two tensors, the pictures and the lines"
        holds(isinstance(result, tuple | list) and len(result) == 2, zh=zh, en=en)
        got, lines = result
        with case(zh="照片", en="the pictures"):
            close(got, torch.stack(frames), rtol=1e-3, atol=1e-4)
        with case(zh="直线", en="the lines"):
            close(lines, expected.detach(), rtol=1e-3, atol=1e-4)
        detached = not got.requires_grad and not lines.requires_grad
        holds(detached, zh="照片还连着计算图", en="the pictures still hang on a graph")
        with case(zh=f"走完 {steps} 步之后的模型", en=f"the model after all {steps} steps"):
            close(dict(model.state_dict()), dict(twin.state_dict()), rtol=1e-3, atol=1e-4)
