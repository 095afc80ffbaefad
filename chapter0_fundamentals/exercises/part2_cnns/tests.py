"""One test per exercise of day 2's first lesson; each is called from its cell, and collected by pytest.

Every module is held against its namesake in `torch.nn`: forward and backward, in train and eval, after all parameters
and buffers have been randomised.
"""

import contextlib
import copy
import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from coach import case, close, holds, judged, raises, say, without
from coach.judging.compare import OBSERVERS
from part2_cnns.agreement import (
    MILD,
    agree,
    always_agree,
    digit_sets,
    fails_by,
    gradient,
    load_partners,
    made,
    namesakes,
    near,
    noise,
    same_names,
    same_start,
    self_made,
    sklearn_digits,
    unnoted,
)


@judged
def test_ReLU(ReLU):
    values = [-2.0, -0.5, 1.5, 8.0]
    close(ReLU()(torch.tensor(values)), torch.tensor([0, 0, 1.5, 8]))
    for size in (1e-6, 1e6):
        close(ReLU()(torch.tensor([-size, size])), torch.tensor([0, size]), rtol=1e-6, atol=0)
    close(ReLU()(torch.tensor([math.nan, 1.0])), torch.tensor([math.nan, 1]), equal_nan=True)
    close(ReLU()(torch.tensor([math.inf, -math.inf])), torch.tensor([math.inf, 0]))
    agree(ReLU(), nn.ReLU(), torch.tensor([[-1.0, 0, 2]]))  # the gradient at 0
    always_agree(ReLU(), nn.ReLU(), 3 * noise(3, 5), noise(1, 2, 3, 7), torch.tensor(-0.3))
    self_made(ReLU(), nn.ReLU, noise(3), "relu")


@judged
def test_Linear(Linear):
    layer = Linear(2, 3)
    close(tuple(layer.weight.shape), (3, 2))
    holds(Linear(3, 4, bias=False).bias is None, zh="没有偏置时 `bias` 应为 None", en="without a bias, `bias` is None")
    namesakes(Linear(4, 4), nn.Linear(4, 4), noise(2, 4))
    namesakes(Linear(5, 3), nn.Linear(5, 3), noise(4, 5), noise(1, 5), noise(5), noise(2, 7, 5))
    namesakes(Linear(3, 4, bias=False), nn.Linear(3, 4, bias=False), noise(2, 3))
    same_start(lambda: Linear(40, 5000), nn.Linear(40, 5000))
    self_made(layer, nn.Linear, noise(3, 2), "linear")


@judged
def test_Flatten(Flatten):
    x = noise(2, 3, 4, 5)
    close(Flatten(1, 3)(x), x.reshape(2, 60))
    close(Flatten()(x), x.reshape(2, 60))
    cases = [(1, -1), (0, -1), (2, 3), (1, 2), (-2, -1), (0, 1), (-3, 2), (2, 2), (0, -2), (-1, -1)]
    for start, end in cases:
        agree(Flatten(start, end), nn.Flatten(start, end), x)
    always_agree(Flatten(), nn.Flatten(), x, noise(1, 3, 2), noise(3, 1))
    always_agree(Flatten(-2, -1), nn.Flatten(-2, -1), x, noise(3, 2, 4), noise(2, 1, 3, 4, 2))
    self_made(Flatten(), nn.Flatten, x, "flatten")


@judged
def test_SimpleMLP(SimpleMLP):
    for sizes in ((12, 7, 5), (64, 100, 10)):
        d_in, d_hidden, d_out = sizes
        options = {"d_in": d_in, "d_hidden": d_hidden, "d_out": d_out} if d_in == 12 else {}
        mine = made(SimpleMLP, **options)
        theirs = nn.Sequential(nn.Flatten(), nn.Linear(d_in, d_hidden), nn.ReLU(), nn.Linear(d_hidden, d_out))
        load_partners(mine, theirs)
        for x in (noise(2, d_in), noise(2, 1, d_in)):
            with unnoted():
                got = mine(x)
            close(got, theirs(x), **MILD)  # type: ignore
        always_agree(mine, theirs, noise(3, 1, 4, d_in // 4), noise(1, d_in), **MILD)


@judged
def test_Sequential(Sequential):
    Sequential = functools.partial(made, Sequential)
    torch.manual_seed(1)
    theirs = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    mine = Sequential(*copy.deepcopy(list(theirs)))
    same_names(mine, theirs)
    holds(len(mine) == 3, zh="`len(model)` 应为 3", en="`len(model)` should be 3")  # type: ignore
    for i in (0, 1, 2, -1, -3):
        same = mine[i] is dict(mine.named_modules())[str(i % 3)]  # type: ignore
        holds(same, zh=f"`model[{i}]` 取错了", en=f"`model[{i}]` is another module")
        close({f"name_of({i})": mine.name_of(i)}, {f"name_of({i})": str(i % 3)})  # type: ignore
    for i in (3, -4):
        with case(zh=f"`model[{i}]`", en=f"`model[{i}]`"):
            raises(IndexError, lambda i=i: mine[i])  # type: ignore
    try:
        mine[3]  # type: ignore
    except (IndexError, KeyError):
        pass
    else:
        return  # in search of the likely mistake only: `for module in model` would never end
    square = nn.Linear(4, 4), nn.Linear(4, 4)
    close(Sequential(*square)(noise(5, 4)), nn.Sequential(*square)(noise(5, 4)))
    namesakes(mine, theirs, noise(5, 4), noise(1, 4))
    self_made(mine, nn.Sequential)
    for i, layer in ((0, nn.Linear(6, 3)), (-1, nn.Linear(3, 5))):
        mine[i] = theirs[i] = layer.double()  # type: ignore
        holds(mine[i] is layer, zh=f"`model[{i}] = …` 没有换掉它", en=f"`model[{i}] = …` did not replace it")  # type: ignore
    same_names(mine, theirs)
    agree(mine, theirs, noise(2, 6).double())
    for i in (3, -4):
        with case(zh=f"`model[{i}] = …`", en=f"`model[{i}] = …`"):
            raises(IndexError, lambda i=i: mine.__setitem__(i, nn.Tanh()))  # type: ignore
    same_names(mine, theirs)
    one, two = nn.Linear(3, 3), nn.Tanh()
    mine, theirs = Sequential(one, two, one, two), nn.Sequential(one, two, one, two)
    with case(zh="同一个模块放了两次", en="with one module in it twice"):
        close(len(mine), 4)  # type: ignore
        holds(mine[2] is one and mine[-1] is two, zh="`model[2]` 取错了", en="`model[2]` is another module")  # type: ignore
        x = noise(2, 3)
        close(mine(x), theirs(x))
        other = Sequential(one, two, one, two)
        other[2] = three = nn.Linear(3, 3)  # type: ignore
        zh, en = "`model[2] = …` 只换那一个位置", "`model[2] = …` exchanges that place alone"
        holds(other[0] is one and other[2] is three, zh=zh, en=en)  # type: ignore
    called: list[nn.Module] = []
    one.register_forward_hook(lambda module, *_: called.append(module))
    mine(x)
    zh, en = (
        "模块上的钩子没有叫到：用 `module(x)`，不用 `module.forward(x)`",
        "a hook of a module wasn't called: use `module(x)`, not `module.forward(x)`",
    )
    holds(len(called) == 2, zh=zh, en=en)
    many = [nn.Linear(i + 1, i + 2) for i in range(12)]
    with case(zh="有 12 个模块", en="with 12 modules"):
        x = noise(2, 1)
        close(Sequential(*many)(x), nn.Sequential(*many)(x))
    with case(zh="一个模块也没有", en="without any module"):
        close(Sequential()(x), x)
        raises(IndexError, lambda: Sequential()[0])  # type: ignore


@judged
def test_Dropout(Dropout):
    x = torch.rand(6, 50, 20, 10) + 0.5
    for p in (0.3, 0.8):
        torch.manual_seed(1)
        layer = Dropout(p)
        layer.eval()
        close(layer(x), x)
        layer.train()
        before = x.clone()
        got = layer(x)
        holds(x.equal(before), zh="调用改动了输入", en="the call changed its input")
        close(tuple(got.shape), tuple(x.shape))
        kept = got != 0
        share = float(kept.float().mean())
        zh, en = f"p = {p} 时留下了 {share:.2f}", f"with p = {p}, a share of {share:.2f} stays"
        holds(abs(share - (1 - p)) < 0.01, zh=zh, en=en)
        close(got, torch.where(kept, x / (1 - p), 0))
        for axis in range(4):
            zh, en = f"沿着第 {axis} 维抽的签相同", f"along axis {axis} the lots are the same"
            zh, en = f"每个元素应当各自抽签：{zh}", f"each element draws its own lot: {en}"
            holds(0.5 < float(kept.float().var(dim=axis).mean()) / (p * (1 - p)) < 1.5, zh=zh, en=en)
        holds(not (layer(x) != 0).equal(kept), zh="每次调用应当重新抽签", en="each call draws anew")
        few = torch.ones(4, 25)
        stays = torch.stack([(layer(few) != 0).double() for _ in range(400)])
        for over in ((1, 2), 2, 1):  # of all, of a row, of a column: how many stay
            counts = stays.sum(dim=over).flatten(1) if over != (1, 2) else stays.sum(dim=over)[:, None]
            spread = float(counts.var(dim=0).mean()) / (p * (1 - p) * few.numel() / counts.shape[1])
            zh, en = "留下的个数每次都（几乎）一样", "how many stay hardly varies"
            zh, en = f"每个元素应当各自抽签：{zh}", f"each element draws its own lot: {en}"
            holds(0.6 < spread < 1.6, zh=zh, en=en)
    for p in (0, 0.0, 1, 1.0):
        agree(Dropout(p), nn.Dropout(p), noise(4, 3))
        with case(zh=f"推理时，p = {p}", en=f"in inference, p = {p}"):
            agree(Dropout(p).eval(), nn.Dropout(p).eval(), noise(4, 3))
    torch.manual_seed(4)
    share = float((Dropout()(x) == 0).float().mean())
    zh, en = f"没有给出 p 时丢掉了 {share:.2f}，应为 0.5", f"without a p, a share of {share:.2f} is dropped, not 0.5"
    holds(abs(share - 0.5) < 0.01, zh=zh, en=en)
    with torch.no_grad():
        dropped = bool((Dropout(0.4)(x) == 0).any())
    zh, en = "`torch.no_grad()` 之下，train 模式里仍要丢", "under `torch.no_grad()`, too, train mode drops"
    holds(dropped, zh=zh, en=en)
    leaf, upstream = x.clone().requires_grad_(), noise(*x.shape)
    torch.manual_seed(2)
    got = Dropout(0.4)(leaf)
    got.backward(upstream)
    with case(zh="对输入的梯度", en="gradient of the input"):
        close(gradient(leaf, "x"), upstream * (got != 0) / 0.6)
    with case(zh="输入为 float64 时", en="on float64"):
        for p, training in ((0.4, True), (1, True), (0.4, False)):
            with unnoted():
                got = Dropout(p).train(training)(x.double())
            close(str(got.dtype), "torch.float64")
    self_made(Dropout(0.4), nn.Dropout, x, "dropout")
    torch.manual_seed(3)
    first = Dropout(0.4)(x)
    torch.manual_seed(3)
    zh = "种子相同，抽签却不同：随机数要取自 torch 的全局发生器"
    en = "the same seed draws other lots: use torch's global generator"
    holds(Dropout(0.4)(x).equal(first), zh=zh, en=en)
    for p in (-0.1, 1.1):
        with case(zh=f"p = {p}", en=f"p = {p}"):
            fails_by(ValueError, Dropout, p)
            raises(ValueError, lambda p=p: holds(Dropout(p), zh="", en=""))


@judged
def test_Embedding(Embedding):
    inputs = (
        torch.tensor([6, 2]),
        torch.tensor([[3, 0, 3], [6, 3, 1]]),
        torch.tensor([2]),
        torch.tensor(5),
        torch.tensor([[[4]], [[4]]]),
    )
    namesakes(Embedding(7, 4), nn.Embedding(7, 4), *inputs)
    same_start(lambda: Embedding(200, 100), nn.Embedding(200, 100))
    self_made(Embedding(7, 4), nn.Embedding, inputs[0], "embedding")


def is_made(make: Callable, *args: Any) -> bool:
    try:
        made(make, *args)
    except Exception:
        return False
    return True


@judged
def test_LayerNorm(LayerNorm):
    x = 3 + 2 * noise(4, 3, 5)
    for shape in ((5,), 5):
        if OBSERVERS:  # so that an error in every call is taken for neither of two mistakes
            close(is_made(LayerNorm, shape), True)
    for shape in ((5,), 5):
        agree(LayerNorm(shape), nn.LayerNorm(5), x, **MILD)
    always_agree(LayerNorm((3, 5)), nn.LayerNorm([3, 5]), x, **MILD)
    namesakes(LayerNorm(5, eps=0.7), nn.LayerNorm(5, eps=0.7), x)
    with case(zh="方差很小的输入", en="on values of a small variance"):
        near(LayerNorm(5), nn.LayerNorm(5), torch.cat([0.003 * x, 7 * torch.ones(1, 3, 5)]), atol=1e-3)
    namesakes(LayerNorm(5), nn.LayerNorm(5), x, noise(1, 5), noise(5))
    for shape in ((3, 5), [3, 5]):
        namesakes(LayerNorm(shape), nn.LayerNorm([3, 5]), x, noise(1, 3, 5))
    same_start(lambda: LayerNorm((2, 3)), nn.LayerNorm([2, 3]))
    far = 1000 + noise(3, 50)
    with case(zh="离 0 很远的输入", en="on values far from 0"):
        near(LayerNorm(50), nn.LayerNorm(50), far, atol=3e-3)
    self_made(LayerNorm(5), nn.LayerNorm, x, "layer_norm")


# The ladder


def descent(x, y, weight, bias, lr, batch_size, epochs) -> Tensor:
    """The same gradient descent with NumPy and a gradient by hand: softmax minus one-hot."""
    x, y, weight, bias = (
        value.numpy().astype(float if value.is_floating_point() else int) for value in (x, y, weight, bias)
    )
    losses = []
    for _ in range(epochs):
        for i in range(0, len(x), batch_size):
            xb, yb = x[i : i + batch_size], y[i : i + batch_size]
            logits = xb @ weight.T + bias
            logits -= logits.max(axis=1, keepdims=True)
            probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            losses.append((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(yb)), yb]).mean())
            delta = (probs - np.eye(len(bias))[yb]) / len(yb)
            weight, bias = weight - lr * delta.T @ xb, bias - lr * delta.sum(axis=0)
    return torch.tensor(losses, dtype=torch.float32)


def told(losses) -> Any:
    """Losses in float64 are as good as in float32; a graph is not wanted."""
    if not isinstance(losses, Tensor):
        return losses
    zh = "损失还连着计算图：记下 `loss.detach()` 或 `loss.item()`"
    holds(not losses.requires_grad, zh=zh, en="the losses still carry a graph: note `loss.detach()` or `loss.item()`")
    return losses.float() if losses.dtype == torch.float64 else losses


LOSSES = {"float64": "the training is judged, in float32; `torch.tensor(losses)` is as good in float64"}


def climb(rung: Callable, used: contextlib.AbstractContextManager | None = None) -> None:
    torch.manual_seed(2)
    x, y = torch.randn(10, 4), torch.randint(0, 3, (10,))
    y[8:] = torch.tensor([2, 1])
    weight, bias = torch.randn(3, 4), torch.randn(3)
    for lr, batch_size, epochs in ((0.3, 4, 3), (0.5, 10, 3), (0.1, 1, 1), (0.4, 16, 2)):
        expected = descent(x, y, weight, bias, lr, batch_size, epochs)
        close(told(rung(x, y, weight, bias, lr, batch_size, epochs)), expected)
        marked = weight.requires_grad or bias.requires_grad or weight.grad is not None
        zh, en = "传入的 `weight` 从此要求梯度：先拷贝", "the `weight` given now asks for its gradient: copy it first"
        holds(not marked, zh=zh, en=en)
    expected = descent(400 * x, y, weight, bias, 1e-6, 5, 1)
    with case(zh="logits 上千时", en="with logits above 1,000"):
        close(told(rung(400 * x, y, weight, bias, 1e-6, 5, 1)), expected)
    with used or contextlib.nullcontext():
        rung(x, y, weight, bias, 0.5, 5, 1)


@contextlib.contextmanager
def counted(owner: type, method: str) -> Iterator[list]:
    """Grows at each call of `owner.method` inside."""
    original = getattr(owner, method)
    called: list[bool] = []

    def counting(*args, **kwargs):
        called.append(True)
        return original(*args, **kwargs)

    with mock.patch.object(owner, method, counting):
        yield called


@contextlib.contextmanager
def uses(owner: type, method: str, name: str) -> Iterator[None]:
    """Complains if `owner.method` is never called inside."""
    with counted(owner, method) as called:
        yield
    holds(called, zh=f"损失都对，但这一级要用 `{name}`", en=f"the losses are right, but this rung is to use `{name}`")


@judged(skip=LOSSES)
def test_rung_1(rung_1):
    climb(rung_1)
    x, y, weight, bias = torch.randn(5, 4), torch.tensor([0, 2, 1, 1, 0]), torch.randn(3, 4), torch.randn(3)
    without({"cross_entropy", "nll_loss"}, rung_1, x, y, weight, bias, 0.5, 5, 1)
    for owner, name in ((nn.Module, "nn.Module"), (torch.optim.Optimizer, "torch.optim")):
        with counted(owner, "__init__") as called:
            rung_1(x, y, weight, bias, 0.5, 5, 1)
        zh, en = f"用了 `{name}`：这一级只用张量", f"it uses `{name}`: this rung takes nothing but tensors"
        holds(not called, zh=zh, en=en)


@judged(skip=LOSSES)
def test_rung_2(rung_2):
    climb(rung_2, uses(nn.Parameter, "__new__", "nn.Parameter"))


@judged(skip=LOSSES)
def test_rung_3(rung_3):
    climb(rung_3, uses(nn.Module, "parameters", "model.parameters()"))
    start = torch.randn(5, 4), torch.tensor([0, 2, 1, 1, 0]), torch.randn(3, 4), torch.randn(3)
    with uses(nn.Module, "__call__", "model(xb)"):
        rung_3(*start, 0.5, 5, 1)


@judged(skip=LOSSES)
def test_rung_4(rung_4):
    climb(rung_4, uses(torch.optim.SGD, "__init__", "torch.optim.SGD"))


class Batches:
    """A loader that gives its batches anew each time, in another order, and knows nothing else."""

    def __init__(self, *batches: tuple[Tensor, Tensor]) -> None:
        self.batches, self.asked = batches, 0

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        first, self.asked = self.asked % len(self.batches), self.asked + 1
        return iter(self.batches[first:] + self.batches[:first])


@judged
def test_fit(fit):
    torch.manual_seed(3)
    x, y = torch.randn(11, 4), torch.randint(0, 3, (11,))
    parts = list(zip(x.split([5, 4, 2]), y.split([5, 4, 2]), strict=True))
    start = nn.Sequential(
        nn.Linear(4, 5, bias=False), nn.BatchNorm1d(5), nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 3)
    ).eval()
    kinds: list[Callable] = [
        lambda parameters: torch.optim.SGD(parameters, lr=0.5, momentum=0.9),
        lambda parameters: torch.optim.Adam(parameters, lr=0.05),
    ]
    for kind, epochs in ((kinds[0], 3), (kinds[1], 2)):
        mine, theirs = copy.deepcopy(start), copy.deepcopy(start)
        for model in (mine, theirs):
            model[2].requires_grad_(False)
        expected = fitted(theirs, Batches(*parts), kind([p for p in theirs.parameters() if p.requires_grad]), epochs)
        got = fit(mine, Batches(*parts), kind([p for p in mine.parameters() if p.requires_grad]), epochs)
        close(got, expected, rtol=1e-5, atol=1e-6)
        for name, value in theirs.state_dict().items():
            label = say(zh=f"训练之后的 {name}", en=f"{name} after the training")
            close({label: mine.state_dict()[name]}, {label: value}, rtol=1e-3, atol=1e-4)
    loader = DataLoader(TensorDataset(x, y), 6)
    expected = fitted(copy.deepcopy(start), loader, None, 1)
    mine = copy.deepcopy(start)
    close(fit(mine, loader, torch.optim.SGD(mine.parameters(), lr=0.0), 1), expected)


def fitted(model: nn.Module, loader: Any, optimizer: torch.optim.Optimizer | None, epochs: int) -> list[float]:
    model.train()
    losses = []
    for images, labels in [batch for _ in range(epochs) for batch in loader]:
        model.zero_grad()
        logits = model(images)
        loss = (logits.logsumexp(dim=1) - logits.gather(1, labels[:, None])[:, 0]).mean()
        if optimizer:
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return losses


@judged(skip=LOSSES)
def test_rung_5(rung_5):
    climb(rung_5, uses(DataLoader, "__iter__", "DataLoader"))


# Training


@judged
def test_get_digits(get_digits):
    pixels, target = sklearn_digits()
    for train, size in ((True, 1437), (False, 360)):
        chosen = [i for i in range(len(target)) if (i % 5 != 0) == train]
        data = get_digits(train)
        zh, en = (
            f"train={train} 时应有 {size} 张，得到 {len(data)} 张",
            f"train={train}: {size} images, not {len(data)}",
        )
        holds(len(data) == size, zh=zh, en=en)
        image, label = data[7]
        expected = torch.tensor(pixels[chosen[7]]).float()[None] / 16
        close(image, expected)
        close(label, torch.tensor(int(target[chosen[7]])))
        images, labels = zip(*data, strict=True)
        close(torch.stack(images)[:, 0], torch.tensor(pixels[chosen]).float() / 16)
        close(torch.stack(labels), torch.tensor(target[chosen]).long())


@dataclass
class Args:
    """What `TrainArgs` holds, without its defaults."""

    make_model: Callable[[], nn.Module]
    train_set: Dataset
    test_set: Dataset
    epochs: int = 3
    batch_size: int = 100
    lr: float = 0.05
    seed: int = 5


MARK = 0.125  # the first pixel of an image of the test set


class Logged(Dataset):
    """Random images and labels, that remember which of them were asked for."""

    def __init__(self, size: int, marked: bool = False) -> None:
        torch.manual_seed(4)
        self.images, self.labels = torch.randn(size, 1, 3, 2), torch.randint(0, 4, (size,))
        if marked:
            self.images[:, 0, 0, 0] = MARK
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        if i >= len(self):
            raise IndexError(i)
        self.asked.append(int(i))
        return self.images[i], self.labels[i]


class Spy(nn.Module):
    """A small network that notes its mode at each call, and whether the images are marked: those of the test set are."""

    seen: list[tuple[bool, bool, bool]] = []  # (test set, training, gradients)

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.linear = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        Spy.seen.append((bool((x[:, 0, 0, 0] == MARK).all()), self.training, torch.is_grad_enabled()))
        return self.linear(self.norm(x).flatten(1))


def small_args(**changes) -> Args:
    """Batches of the whole training set: the order doesn't matter."""
    return Args(
        **{"make_model": Spy, "train_set": Logged(12), "test_set": Logged(17, marked=True), "batch_size": 12} | changes
    )


def reference_training(args: Args) -> tuple[nn.Module, list[float], list[float]]:
    """The model, losses and accuracies, by batches of everything, with Adam."""
    torch.manual_seed(args.seed)
    model = args.make_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    data, held_out = (list(zip(*args_set, strict=True)) for args_set in (args.train_set, args.test_set))
    (x, y), (x_test, y_test) = ((torch.stack(a), torch.stack(b)) for a, b in (data, held_out))
    losses, accuracies = [], []
    for _ in range(args.epochs):
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        model.eval()
        accuracies.append(float((model(x_test).argmax(dim=1) == y_test).double().mean()))
    return model, losses, accuracies


def order_of(args: Args, train: Callable) -> list[list[int]]:
    """What `train` asks of the training set, epoch by epoch."""
    args.train_set = data = Logged(11)
    train(args)
    return [data.asked[i : i + 11] for i in range(0, len(data.asked), 11)]


def trains(train: Callable) -> None:
    """What holds of `train` and of `train_with_validation`."""
    for seed, epochs in ((5, 8), (6, 1), (0, 2)):
        model, expected, _ = reference_training(small_args(seed=seed, epochs=epochs))
        result = train(small_args(seed=seed, epochs=epochs))
        close(result[1], expected, rtol=1e-4, atol=1e-5)
        close(result[1][0], expected[0], rtol=1e-5, atol=0)
        with case(zh="返回的模型", en="the model that came back"):
            close(dict(result[0].named_parameters()), dict(model.named_parameters()), rtol=1e-3, atol=1e-4)
    Spy.seen.clear()
    train(small_args(make_model=lambda: Spy().eval(), epochs=1))
    zh, en = (
        "`make_model` 给出的模型在 eval 模式，训练时要换到 train 模式",
        "`make_model` gave a model in eval mode: train it in train mode",
    )
    holds(all(training for test, training, _ in Spy.seen if not test), zh=zh, en=en)
    result = train(small_args(batch_size=20, epochs=2, train_set=Logged(66)))
    holds(isinstance(result[0], Spy), zh="第一个结果应是模型", en="the model comes first in the result")
    n = len(result[1])
    zh, en = (
        f"66 张、每批 20 张、两轮，应有 8 个损失，得到 {n} 个",
        f"66 images in batches of 20, twice: 8 losses, not {n}",
    )
    holds(n == 8, zh=zh, en=en)
    epochs = order_of(small_args(batch_size=4, epochs=3), train)
    all_once = all(sorted(epoch) == list(range(11)) for epoch in epochs) and len(epochs) == 3
    holds(all_once, zh="每一轮里，每张图恰好用一次", en="each epoch uses each image just once")
    holds(epochs[0] != sorted(epochs[0]), zh="顺序应当打乱", en="the order should be shuffled")
    holds(epochs[0] != epochs[1], zh="每一轮应当重新打乱", en="each epoch should be shuffled anew")
    torch.rand(3)  # whatever happened before
    with case(zh="同样的 `args` 再来一次", en="with the same `args` again"):
        close(train(small_args(batch_size=20, epochs=2, train_set=Logged(66)))[1], result[1])


@judged(slow=True)
def test_train(train):
    trains(train)
    train_set, (images, labels) = digit_sets()[0], digit_sets()[1][:]
    net = lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))  # noqa: E731
    model, _ = train(Args(net, train_set, train_set, epochs=8, batch_size=64, lr=1e-2))
    right = float((model(images).argmax(dim=1) == labels).float().mean())
    holds(right >= 0.9, zh=f"留出的数字只认对 {right:.0%}", en=f"only {right:.0%} of held-out digits are right")


class Endless(Dataset):
    """Five images, all correctly labelled; after them wrong ones, which a loop over the dataset reads too."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        if i >= 20:
            raise IndexError(i)
        return torch.eye(4)[i % 4], torch.tensor(i % 4 if i < 5 else (i + 1) % 4)


@judged
def test_accuracy(accuracy):
    torch.manual_seed(9)
    model = nn.Sequential(nn.Sequential(nn.Flatten(), nn.BatchNorm1d(6)), nn.Linear(6, 4), nn.Dropout(0.5))
    for size in (1, 17, 505):
        data = Logged(size)
        model.eval()
        with torch.no_grad():
            expected = float((model(data.images).argmax(dim=1) == data.labels).double().mean())
        model.train()
        before = copy.deepcopy(model.state_dict())
        close(accuracy(model, data), expected, rtol=1e-5, atol=0)
        with case(zh="BatchNorm 的统计量", en="the batch norm's statistics"):
            close(dict(model.state_dict()), dict(before))
    with case(zh="`data` 只有 `len` 和整数下标", en="on a `data` with `len` and integer indices only"):
        same = nn.Linear(4, 4, bias=False)
        same.load_state_dict({"weight": torch.eye(4)})
        close(accuracy(same, Endless()), 1.0)
    Spy.seen.clear()
    accuracy(Spy(), Logged(5))
    holds(not any(gradients for *_, gradients in Spy.seen), zh="这里不需要梯度", en="no gradients are needed here")
    zh, en = (
        "之后不再记录计算图：`no_grad` 要用 `with`",
        "afterwards no graphs are recorded any more: use `no_grad` by `with`",
    )
    holds(torch.is_grad_enabled(), zh=zh, en=en)


@judged(slow=True)
def test_train_with_validation(train_with_validation):
    trains(train_with_validation)
    args = small_args(epochs=4, lr=0.3, test_set=Logged(607, marked=True))
    *_, expected = reference_training(args)
    Spy.seen.clear()
    _, losses, accuracies = train_with_validation(args)
    tested = [(training, gradients) for test, training, gradients in Spy.seen if test]
    holds(tested, zh="没有用过测试集", en="the test set was never used")
    holds(
        not any(training for training, _ in tested), zh="验证时没有用 eval 模式", en="validation was not in eval mode"
    )
    holds(not any(gradients for _, gradients in tested), zh="验证时不需要梯度", en="validation needs no gradients")
    trained = all(training for test, training, _ in Spy.seen if not test)
    holds(trained, zh="训练时没有回到 train 模式", en="it did not go back to train mode for training")
    close(accuracies, expected, rtol=1e-5, atol=0)
    close(len(losses), 4)
    train_set, test_set = digit_sets()
    net = lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))  # noqa: E731
    _, _, accuracies = train_with_validation(Args(net, train_set, test_set, epochs=8, batch_size=64, lr=1e-2))
    holds(
        accuracies[-1] >= 0.9,
        zh=f"留出的数字只认对 {accuracies[-1]:.0%}",
        en=f"only {accuracies[-1]:.0%} of held-out digits are right",
    )
