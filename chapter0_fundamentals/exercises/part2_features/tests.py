"""One test per exercise of day 2's second lesson; each is called from its cell, and collected by pytest."""

import copy
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from coach import close, holds, judged, raises


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


# Hooks


@judged
def test_add_hook(add_hook):
    net, names = made(), []
    expected = [id(module) for module in (net, net.body, *net.body, *net.inner, net.head)]
    shared = nn.Sequential(net.head, net.head)  # one module, twice

    def hook(module, inputs, output):
        names.append(id(module))

    handles = add_hook(net, hook)
    zh, en = "应当返回把手的列表", "it should return a list of handles"
    holds(isinstance(handles, list) and all(hasattr(handle, "remove") for handle in handles), zh=zh, en=en)
    net(torch.zeros(1, 1, 5, 4))
    missing = [type(module).__name__ for module in net.modules() if id(module) not in names]
    zh, en = f"这些模块没有叫钩子：{missing}", f"these modules never called the hook: {missing}"
    holds(not missing, zh=zh, en=en)
    close(len(names), len(expected))
    zh, en = "钩子要在前向之后叫，子模块先于外层", "a hook is called after the forward: the inner modules come first"
    holds(names[0] == id(net.inner[0]) and names[-1] == expected[0], zh=zh, en=en)
    for handle in handles:
        handle.remove()
    names.clear()
    net(torch.zeros(1, 1, 5, 4))
    holds(not names, zh="取下所有把手之后，还有钩子挂着", en="with all handles removed, a hook is still there")
    close(len(add_hook(shared, hook)), 2)


@judged
def test_remove_hooks(remove_hooks):
    net, called = made(), []
    mine = [module.register_forward_hook(lambda *_: called.append("mine")) for module in net.modules()]
    net.head.register_forward_hook(lambda *_: called.append("another's"))
    remove_hooks(mine[:2])
    net(torch.zeros(1, 1, 5, 4))
    close(called.count("mine"), len(mine) - 2)
    remove_hooks(mine)  # two of them are off already
    called.clear()
    net(torch.zeros(1, 1, 5, 4))
    close(called, ["another's"])
    remove_hooks([])


@judged(skip={"repeat": "it is called for its error"})
def test_hook_check_for_nan_output(hook_check_for_nan_output):
    layer, x = nn.Linear(2, 3), torch.randn(4, 2)
    hook_check_for_nan_output(layer, (x,), torch.randn(4, 3))
    hook_check_for_nan_output(layer, (x,), torch.tensor([1.0, math.inf, -math.inf, 0]))
    hook_check_for_nan_output(layer, (x * math.nan,), torch.zeros(3))  # what came in is not this module's fault
    raises(ValueError, hook_check_for_nan_output, layer, (x,), torch.full((2, 3), math.nan))
    bad = torch.zeros(4, 3)
    bad[2, 1] = math.nan
    raises(ValueError, hook_check_for_nan_output, layer, (x,), bad)
    raises(ValueError, hook_check_for_nan_output, nn.LSTM(2, 3), (x,), (torch.zeros(3), bad))
    try:
        hook_check_for_nan_output(layer, (x,), bad)
    except ValueError as error:
        holds("Linear" in str(error), zh="错误里没有模块的名字 Linear", en="the error doesn't name the module, Linear")
    close(hook_check_for_nan_output(layer, (x,), torch.randn(4, 3)), None)


# Feature extraction


@judged
def test_get_resnet_for_feature_extraction(get_resnet_for_feature_extraction):
    pretrained = made()
    before, x = state(pretrained), torch.randn(5, 1, 5, 4)
    model = get_resnet_for_feature_extraction(7, pretrained)
    close(tuple(model.head.weight.shape), (7, 36))
    close(dict(pretrained.state_dict()), before)
    zh, en = "原来的网络被改动了：先 `copy.deepcopy`", "the original was changed: `copy.deepcopy` it first"
    holds(model is not pretrained and all(p.requires_grad for p in pretrained.parameters()), zh=zh, en=en)
    close(dict(model.body.state_dict()), {k.removeprefix("body."): v for k, v in before.items() if "body" in k})
    frozen = not any(p.requires_grad for p in model.body.parameters())
    holds(frozen, zh="身体还要求梯度", en="the body still asks for gradients")
    learns = all(p.requires_grad for p in model.head.parameters())
    holds(learns, zh="新的头也被冻住了", en="the new head is frozen too")
    model.eval()
    close(model(x), F.linear(model.body(x), model.head.weight, model.head.bias))
    with torch.no_grad():
        next(model.body.parameters()).zero_()
    zh, en = "与原来的网络共用内存", "it shares its memory with the original"
    holds(state(pretrained)["body.0.0.weight"].any(), zh=zh, en=en)
    fresh = get_resnet_for_feature_extraction(3)
    close(tuple(fresh(torch.randn(2, 1, 8, 8)).shape), (2, 3))


@judged
def test_train_head(train_head):
    model = made()
    body = state(model.body)
    torch.manual_seed(4)
    images, labels = torch.randn(9, 1, 5, 4), torch.randint(0, 4, (9,))
    twin = copy.deepcopy(model)
    twin.eval()
    optimizer, expected = torch.optim.Adam(twin.head.parameters(), lr=0.05), []
    features = twin.body(images).detach()
    for _ in range(6):
        loss = F.cross_entropy(twin.head(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    model.train()
    got = train_head(model, TensorDataset(images, labels), 6, 0.05)
    now = state(model.body)
    zh, en = "身体的参数变了", "parameters of the body have changed"
    holds(all(now[name].equal(body[name]) for name in body if "weight" in name or "bias" in name), zh=zh, en=en)
    zh, en = "批归一化的运行统计量变了", "the batch norm's running statistics have changed"
    holds(all(now[name].equal(body[name]) for name in body), zh=zh, en=en)
    close(list(got), expected)
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
    for theta, size in ((0.0, 3), (math.pi / 2, 5), (math.pi, 5), (0.7, 7), (-2.2, 4)):
        expected = edge_by_hand(theta, size)
        close(edge_detector(theta, size), expected)
    close(edge_detector(), edge_by_hand(0.0, 7))


@judged
def test_edge_likeness(edge_likeness):
    size = 5
    edges = torch.stack([2.5 * edge_by_hand(theta, size) for theta in (0.3, 2.0, -1.1)])
    close(edge_likeness(edges), torch.ones(3))
    close(edge_likeness(-edges[:1]), torch.ones(1))  # the other way round it is an edge too
    flat, blob = torch.ones(1, 1, size, size), edge_by_hand(0, size).abs()[None]
    close(edge_likeness(torch.cat([flat, blob, 0 * flat])), torch.zeros(3))
    torch.manual_seed(5)
    filters = torch.randn(6, 1, 7, 7)
    angles = torch.linspace(0, 2 * math.pi, 2001).tolist()
    detectors = torch.stack([edge_by_hand(theta, 7) for theta in angles[::8]])
    best = (filters.flatten(1) @ detectors.flatten(1).T).amax(dim=1) / filters.flatten(1).norm(dim=1)
    close(edge_likeness(filters), best, rtol=1e-3)


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
    torch.manual_seed(6)
    net = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Tanh(), nn.Flatten(), nn.Linear(12, 2))
    exact, before = copy.deepcopy(net).double(), state(net)
    images = torch.rand(2, 2, 3, 3)
    kept = images.clone()
    expected = ascended(lambda x: exact(x).diagonal(), images, 3, 0.3, 0.1)
    got = maximise_activation(lambda x: net(x).diagonal(), images, 3, 0.3, 0.1)
    holds(images.equal(kept), zh="传入的 `start` 被改动了", en="`start` was changed")
    close(got, expected, rtol=1e-3, atol=1e-4)
    holds(not got.requires_grad, zh="结果还连着计算图：`detach()`", en="the result still hangs on a graph: `detach()`")
    close(dict(net.state_dict()), before)
    zh, en = (
        "模型的参数里堆进了梯度：用 `torch.autograd.grad`",
        "gradients piled up in the model: use `torch.autograd.grad`",
    )
    holds(all(p.grad is None for p in net.parameters()), zh=zh, en=en)


@judged
def test_ablate_channel(ablate_channel):
    net = made()
    net.eval()
    images = torch.randn(3, 1, 5, 4)
    with torch.no_grad():
        whole = net(images)
    for channel in (1, 2, 0):
        with torch.no_grad():
            inner = net.body[0](images)
            inner[:, channel] = 0
            expected = net.head(inner.relu().flatten(1))
        close(ablate_channel(net, net.body[0], channel, images), expected)
        with torch.no_grad():
            close(net(images), whole)
    holds(not ablate_channel(net, net.body[0], 1, images).requires_grad, zh="不需要梯度", en="no gradients are needed")
    seen = []
    net.body[0].register_forward_hook(lambda module, inputs, output: seen.append(output.clone()))
    ablate_channel(net, net.inner[0], 1, images)  # another layer: this hook stays
    holds(len(seen) == 1, zh="别人的钩子不见了", en="another's hook is gone")
    try:
        ablate_channel(net, net.body[0], 1, torch.randn(4, 1, 9, 9))
    except RuntimeError:
        with torch.no_grad():
            close(net(images), whole)
    else:
        holds(False, zh="形状不对时应当报错", en="on images of a wrong size it should raise an error")


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
    noise = [two_spirals(3000, 2.0, 0.3, torch.Generator().manual_seed(seed))[0] - clean for seed in (1, 1, 2)]
    spread = float(noise[0].std())
    holds(0.28 < spread < 0.32, zh=f"噪声的标准差应为 0.3，得到 {spread:.1g}", en=f"noise of 0.3, not {spread:.1g}")
    holds(abs(float(noise[0].mean())) < 0.02, zh="噪声的均值应为 0", en="the noise should have mean 0")
    zh, en = "随机数应当只取自 `generator`", "random numbers should come from `generator` only"
    holds(noise[0].equal(noise[1]) and not noise[0].equal(noise[2]), zh=zh, en=en)
    zh, en = "每个坐标、每个点的噪声应当各不相同", "each coordinate of each point has its own noise"
    holds(abs(float((noise[0][:, 0] * noise[0][:, 1]).mean())) < 0.01, zh=zh, en=en)
    holds(abs(float((noise[0][:3000] * noise[0][3000:]).mean())) < 0.01, zh=zh, en=en)


def plain_mlp(width: int) -> nn.Module:
    sizes, layers = [2, width, width, width], []
    for a, b in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(a, b), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(width, 2))


@judged
def test_SpiralMLP(SpiralMLP):
    for width in (5, 3):
        mine, fold, head = SpiralMLP(width), plain_mlp(width), nn.Linear(2, 2)
        sources = [*fold.parameters(), *head.parameters()]
        close([tuple(p.shape) for p in mine.parameters()], [tuple(p.shape) for p in sources])
        x = 2 * torch.randn(7, 2)
        close(mine.hidden(x), x)  # at the start nothing is moved
        holds(next(mine.parameters()).any(), zh="只有最后一层从 0 出发", en="only the last layer begins at 0")
        with torch.no_grad():
            for p, q in zip(mine.parameters(), sources, strict=True):
                p.copy_(q.mul_(2))
        expected = x + fold(x)
        close(mine.hidden(x), expected)
        close(mine(x), head(expected))
        upstream = torch.randn(7, 2)
        head(expected).backward(upstream)
        mine(x).backward(upstream)
        close([p.grad for p in mine.parameters()], [q.grad for q in sources], rtol=1e-3, atol=1e-4)


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
    model, x = Bend(), torch.randn(11, 2)
    y = (x[:, 0] * x[:, 1] > 0).long()
    twin = copy.deepcopy(model)
    optimizer = torch.optim.Adam(twin.parameters(), lr=0.05)
    frames, predictions = [twin.hidden(x).detach()], [twin(x).detach()]
    for step in range(1, 8):
        optimizer.zero_grad()
        F.cross_entropy(twin(x), y).backward()
        optimizer.step()
        if step % 3 == 0:
            frames.append(twin.hidden(x).detach())
            predictions.append(twin(x).detach())
    got, lines = unfold(model, x, y, 7, 0.05, 3)
    close(got, torch.stack(frames), rtol=1e-3, atol=1e-4)
    holds(
        not got.requires_grad and not lines.requires_grad,
        zh="照片还连着计算图",
        en="the pictures still hang on a graph",
    )
    logits = torch.stack(predictions)
    difference = torch.einsum("fpd,fd->fp", torch.stack(frames), lines[:, :2]) + lines[:, 2:]
    close(difference, logits[..., 1] - logits[..., 0], rtol=1e-3, atol=1e-4)
    close(dict(model.state_dict()), dict(twin.state_dict()), rtol=1e-3, atol=1e-4)  # all 7 steps, not 6
