"""One test per exercise of day 2's first lesson; each is called from its cell, and collected by pytest.

Every module is held against its namesake in `torch.nn`: forward and backward, in train and eval, after all parameters
and buffers have been randomised.
"""

import contextlib
import copy
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

from coach import close, holds, judged, raises, say
from part2_cnns import reference

MILD = {"rtol": 1e-3, "atol": 1e-4}  # where float32 sums are long


def randomise(module: nn.Module) -> None:
    """New values for all parameters and buffers; variances stay positive."""
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        with torch.no_grad():
            if not value.is_floating_point():
                value.fill_(3)
            elif "var" in name:
                value.uniform_(0.5, 2)
            elif value.ndim > 1:
                value.normal_(std=1 / math.sqrt(value[0].numel()))
            else:
                value.normal_(0.4, 0.5)


def strided(x: Tensor) -> Tensor:
    """The same values with gaps between them in memory."""
    return torch.stack([x, x], dim=-1)[..., 0]


def same_names(mine: nn.Module, theirs: nn.Module) -> None:
    for kind, en, zh in (("parameters", "parameter", "参数"), ("buffers", "buffer", "buffer")):
        got, expected = (
            {name: tuple(value.shape) for name, value in getattr(module, f"named_{kind}")()}
            for module in (mine, theirs)
        )
        close({say(zh=f"{zh} 的形状", en=f"{en} shapes"): got}, {say(zh=f"{zh} 的形状", en=f"{en} shapes"): expected})


def load_in_order(mine: nn.Module, theirs: nn.Module) -> None:
    """Gives `mine` the randomised state of `theirs`, by order: names are the learner's."""
    randomise(theirs)
    targets, sources = mine.state_dict(), theirs.state_dict()
    got, expected = ([tuple(value.shape) for value in state.values()] for state in (targets, sources))
    label = say(zh="参数与 buffer 的形状，按登记的次序", en="shapes of parameters and buffers, in their order")
    close({label: got}, {label: expected})
    mine.load_state_dict(dict(zip(targets, sources.values(), strict=True)))


def agree(mine: nn.Module, theirs: nn.Module, x: Tensor, **tolerance: Any) -> None:
    """One forward and one backward, with a random upstream gradient, of both: outputs, gradients and buffers."""
    leaf, other = x.clone(), x.clone()
    if x.is_floating_point():
        leaf.requires_grad_()
        other.requires_grad_()
    expected = theirs(other * 1)
    upstream = torch.randn_like(expected)
    expected.backward(upstream)
    given = strided(leaf * 1)
    before = given.detach().clone()
    got = mine(given)
    unchanged = given.detach().equal(before) or before.isnan().any()
    holds(unchanged, zh="调用改动了输入", en="the call changed its input")
    close(got, expected, equal_nan=True, **tolerance)
    holds(got.requires_grad, zh="结果不再与参数相连，没有梯度", en="the result is cut off: it has no gradient")
    got.backward(upstream)
    if x.is_floating_point():
        label = say(zh="对输入的梯度", en="gradient of the input")
        close({label: leaf.grad}, {label: other.grad}, equal_nan=True, **tolerance)
    for (name, p), q in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        label = say(zh=f"对 {name} 的梯度", en=f"gradient of {name}")
        close({label: p.grad}, {label: q.grad}, **tolerance)
    for (name, b), c in zip(mine.named_buffers(), theirs.buffers(), strict=True):
        close({name: b}, {name: c}, **tolerance)


def always_agree(mine: nn.Module, theirs: nn.Module, *inputs: Tensor, **tolerance: Any) -> None:
    """In train and in eval, twice in a row, and once more in float64."""
    for training in (True, False):
        mine.train(training)
        theirs.train(training)
        for _ in range(2):
            for x in inputs:
                agree(mine, theirs, x, **tolerance)
    mine.double().train()
    theirs.double().train()
    x = inputs[0]
    agree(mine, theirs, x.double() if x.is_floating_point() else x)


def namesakes(mine: nn.Module, theirs: nn.Module, *inputs: Tensor, **tolerance: Any) -> None:
    """Same names, and the same behaviour once both have the same random state."""
    same_names(mine, theirs)
    randomise(theirs)
    mine.load_state_dict(theirs.state_dict())
    always_agree(mine, theirs, *inputs, **tolerance)


def same_start(mine: nn.Module, theirs: nn.Module) -> None:
    """Parameters come from the same distribution: mean, spread, the fourth moment, and the bounds of a uniform one."""
    for (name, p), q in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        p, q = p.detach(), q.detach()
        spread = float(q.std())
        en = f"at first {name} should have mean {float(q.mean()):.1f} and standard deviation {spread:.2g}"
        zh = f"{name} 的初始值应当均值为 {float(q.mean()):.1f}、标准差为 {spread:.2g}"
        right = abs(float(p.mean() - q.mean())) <= 0.05 * spread and abs(float(p.std()) - spread) <= 0.04 * spread
        holds(right, zh=f"{zh}，得到 {float(p.std()):.1g}", en=f"{en}, not {float(p.std()):.1g}")
        if spread:
            ratio = float(((p / p.std()) ** 4).mean() / ((q / q.std()) ** 4).mean())
            zh, en = f"{name} 的初始值分布的形状不对", f"the first values of {name} have another kind of distribution"
            holds(0.85 < ratio < 1.15, zh=zh, en=en)


@judged
def test_ReLU(ReLU):
    values = [-2.0, -0.5, 1.5, 3.0]
    close(ReLU()(torch.tensor(values)), torch.tensor([0, 0, 1.5, 3]))
    close(ReLU()(torch.tensor([math.nan, 1.0, -math.inf])), torch.tensor([math.nan, 1, 0]), equal_nan=True)
    agree(ReLU(), nn.ReLU(), torch.tensor([[-1.0, 0, 2]]))  # the gradient at 0
    always_agree(ReLU(), nn.ReLU(), torch.randn(3, 5), torch.randn(1, 2, 3, 7))


@judged
def test_Linear(Linear):
    layer = Linear(2, 3)
    close(tuple(layer.weight.shape), (3, 2))
    same_names(Linear(5, 3), nn.Linear(5, 3))
    namesakes(Linear(5, 3), nn.Linear(5, 3), torch.randn(4, 5), torch.randn(1, 5), torch.randn(5), torch.randn(2, 7, 5))
    namesakes(Linear(3, 4, bias=False), nn.Linear(3, 4, bias=False), torch.randn(2, 3))
    holds(Linear(3, 4, bias=False).bias is None, zh="没有偏置时 `bias` 应为 None", en="without a bias, `bias` is None")
    same_start(Linear(40, 5000), nn.Linear(40, 5000))


@judged
def test_Flatten(Flatten):
    x = torch.randn(2, 3, 4, 5)
    cases = [(1, -1), (0, -1), (2, 3), (1, 2), (-2, -1), (0, 1)]
    for start, end in cases:
        agree(Flatten(start, end), nn.Flatten(start, end), x)
    always_agree(Flatten(), nn.Flatten(), x, torch.randn(1, 3, 2), torch.randn(3, 1), torch.randn(2, 0, 3))


@judged
def test_SimpleMLP(SimpleMLP):
    for sizes in ((12, 7, 5), (64, 100, 10)):
        d_in, d_hidden, d_out = sizes
        mine = SimpleMLP(d_in=d_in, d_hidden=d_hidden, d_out=d_out)
        theirs = nn.Sequential(nn.Flatten(), nn.Linear(d_in, d_hidden), nn.ReLU(), nn.Linear(d_hidden, d_out))
        load_in_order(mine, theirs)
        always_agree(mine, theirs, torch.randn(3, 1, 4, d_in // 4), torch.randn(1, d_in), **MILD)
    close(tuple(SimpleMLP()(torch.zeros(2, 1, 8, 8)).shape), (2, 10))


@judged
def test_Sequential(Sequential):
    torch.manual_seed(1)
    theirs = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    mine = Sequential(*copy.deepcopy(list(theirs)))
    namesakes(mine, theirs, torch.randn(5, 4), torch.randn(1, 4))
    holds(len(mine) == 3, zh="`len(model)` 应为 3", en="`len(model)` should be 3")
    for i in (0, 1, 2, -1, -3):
        same = mine[i] is list(mine.children())[i]
        holds(same, zh=f"`model[{i}]` 取错了", en=f"`model[{i}]` is another module")
    for i in (3, -4):
        raises(IndexError, lambda i=i: mine[i])
    for i, layer in ((0, nn.Linear(6, 3)), (-1, nn.Linear(3, 5))):
        mine[i] = theirs[i] = layer.double()
        holds(mine[i] is layer, zh=f"`model[{i}] = …` 没有换掉它", en=f"`model[{i}] = …` did not replace it")
    close(list(mine.state_dict()), list(theirs.state_dict()))
    agree(mine, theirs, torch.randn(2, 6).double())
    raises(IndexError, lambda: mine.__setitem__(3, nn.Tanh()))
    x = torch.randn(2, 3)
    close(Sequential()(x), x)


@judged
def test_Dropout(Dropout):
    x = torch.rand(200, 300) + 0.5
    for p in (0.3, 0.8):
        layer = Dropout(p)
        layer.eval()
        close(layer(x), x)
        layer.train()
        got = layer(x)
        kept = got != 0
        en, zh = f"with p = {p}, {float(kept.float().mean()):.1f} of all stays", f"p = {p} 时"
        holds(
            abs(float(kept.float().mean()) - (1 - p)) < 0.01, zh=f"{zh}，留下了 {float(kept.float().mean()):.1f}", en=en
        )
        close(float((got[kept] / x[kept]).mean()), 1 / (1 - p))
        close(got, torch.where(kept, x / (1 - p), 0))
        zh, en = "每个元素应当各自抽签", "each element draws its own lot"
        holds(0.5 < float(kept.float().var(dim=0).mean()) / (p * (1 - p)) < 1.5, zh=zh, en=en)
        holds(0.5 < float(kept.float().var(dim=1).mean()) / (p * (1 - p)) < 1.5, zh=zh, en=en)
        holds(not (layer(x) != 0).equal(kept), zh="每次调用应当重新抽签", en="each call draws anew")
    for p in (0.0, 1.0):
        agree(Dropout(p), nn.Dropout(p), torch.randn(4, 3))
    leaf = x.clone().requires_grad_()
    got = Dropout(0.4)(leaf)
    got.sum().backward()
    close(leaf.grad, (got != 0) / 0.6)
    close(Dropout(0.4)(x.double()).dtype, torch.float64)
    for p in (-0.1, 1.1):
        raises(ValueError, Dropout, p)


@judged
def test_Embedding(Embedding):
    inputs = torch.tensor([[3, 0, 3], [6, 3, 1]]), torch.tensor([2]), torch.tensor(5)
    namesakes(Embedding(7, 4), nn.Embedding(7, 4), *inputs)
    same_start(Embedding(200, 100), nn.Embedding(200, 100))


@judged
def test_LayerNorm(LayerNorm):
    x = 3 + 2 * torch.randn(4, 3, 5)
    always_agree(LayerNorm(5), nn.LayerNorm(5), x)
    namesakes(LayerNorm(5), nn.LayerNorm(5), x, torch.randn(1, 5), torch.randn(5))
    for shape in ((3, 5), [3, 5]):
        namesakes(LayerNorm(shape), nn.LayerNorm([3, 5]), x, torch.randn(1, 3, 5))
    namesakes(LayerNorm(5, eps=0.7), nn.LayerNorm(5, eps=0.7), x)
    same_start(LayerNorm((2, 3)), nn.LayerNorm([2, 3]))


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
            exp = np.exp(xb @ weight.T + bias)
            probs = exp / exp.sum(axis=1, keepdims=True)
            losses.append(-np.log(probs[np.arange(len(yb)), yb]).mean())
            delta = (probs - np.eye(len(bias))[yb]) / len(yb)
            weight, bias = weight - lr * delta.T @ xb, bias - lr * delta.sum(axis=0)
    return torch.tensor(losses, dtype=torch.float32)


def climb(rung: Callable, used: contextlib.AbstractContextManager | None = None) -> None:
    torch.manual_seed(2)
    x, y = torch.randn(10, 4), torch.randint(0, 3, (10,))
    weight, bias = torch.randn(3, 4), torch.randn(3)
    for lr, batch_size, epochs in ((0.5, 10, 3), (0.3, 4, 3), (0.1, 1, 1)):
        expected = descent(x, y, weight, bias, lr, batch_size, epochs)
        close(rung(x, y, weight, bias, lr, batch_size, epochs), expected)
    with used or contextlib.nullcontext():
        rung(x, y, weight, bias, 0.5, 5, 1)


@contextlib.contextmanager
def uses(owner: type, method: str, name: str) -> Iterator[None]:
    """Complains if `owner.method` is never called inside."""
    original = getattr(owner, method)
    called = []

    def counting(*args, **kwargs):
        called.append(True)
        return original(*args, **kwargs)

    with mock.patch.object(owner, method, counting):
        yield
    holds(called, zh=f"损失都对，但这一级要用 `{name}`", en=f"the losses are right, but this rung is to use `{name}`")


@judged
def test_rung_1(rung_1):
    climb(rung_1)


@judged
def test_rung_2(rung_2):
    climb(rung_2, uses(nn.Parameter, "__new__", "nn.Parameter"))


@judged
def test_rung_3(rung_3):
    climb(rung_3, uses(nn.Module, "parameters", "model.parameters()"))


@judged
def test_rung_4(rung_4):
    climb(rung_4, uses(torch.optim.SGD, "__init__", "torch.optim.SGD"))


@judged
def test_rung_5(rung_5):
    climb(rung_5, uses(DataLoader, "__iter__", "DataLoader"))


# Training


def sklearn_digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    return digits.images, digits.target


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


class Logged(Dataset):
    """Random images and labels, that remember which of them were asked for."""

    def __init__(self, size: int, mean: float = 0) -> None:
        torch.manual_seed(4)
        self.images, self.labels = torch.randn(size, 1, 3, 2) + mean, torch.randint(0, 4, (size,))
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        if i >= len(self):
            raise IndexError(i)
        self.asked.append(int(i))
        return self.images[i], self.labels[i]


class Spy(nn.Module):
    """A small network that notes its mode at each call: for images of a large mean, they come from the test set."""

    seen: list[tuple[bool, bool, bool]] = []  # (test set, training, gradients)

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.linear = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        Spy.seen.append((float(x.mean()) > 5, self.training, torch.is_grad_enabled()))
        return self.linear(self.norm(x).flatten(1))


def small_args(**changes) -> Args:
    """Batches of the whole training set: the order doesn't matter."""
    return Args(
        **{"make_model": Spy, "train_set": Logged(12), "test_set": Logged(17, mean=9), "batch_size": 12} | changes
    )


def reference_training(args: Args, correct: bool = False) -> tuple[list[float], list[float]]:
    """Losses and accuracies, batches of everything, with Adam."""
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
    return losses, accuracies


def order_of(args: Args, train: Callable) -> list[list[int]]:
    """What `train` asks of the training set, epoch by epoch."""
    args.train_set = data = Logged(11)
    train(args)
    return [data.asked[i : i + 11] for i in range(0, len(data.asked), 11)]


def trains(train: Callable) -> None:
    """What holds of `train` and of `train_with_validation`."""
    for seed, epochs in ((5, 4), (6, 1)):
        expected, _ = reference_training(small_args(seed=seed, epochs=epochs))
        close(train(small_args(seed=seed, epochs=epochs))[1], expected, rtol=1e-3, atol=1e-4)
    result = train(small_args(batch_size=5, epochs=2))
    holds(isinstance(result[0], Spy), zh="第一个结果应是模型", en="the model comes first in the result")
    holds(
        len(result[1]) == 6, zh="12 张、每批 5 张、两轮，应有 6 个损失", en="12 images in batches of 5, twice: 6 losses"
    )
    epochs = order_of(small_args(batch_size=4, epochs=3), train)
    all_once = all(sorted(epoch) == list(range(11)) for epoch in epochs) and len(epochs) == 3
    holds(all_once, zh="每一轮里，每张图恰好用一次", en="each epoch uses each image just once")
    holds(epochs[0] != sorted(epochs[0]), zh="次序应当打乱", en="the order should be shuffled")
    holds(epochs[0] != epochs[1], zh="每一轮应当重新打乱", en="each epoch should be shuffled anew")
    torch.rand(3)  # whatever happened before
    close(train(small_args(batch_size=5, epochs=2))[1], result[1])


def digit_sets() -> tuple[TensorDataset, TensorDataset]:
    pixels, target = sklearn_digits()
    x, y = torch.tensor(pixels).float()[:, None] / 16, torch.tensor(target).long()
    test = torch.arange(len(y)) % 5 == 0
    return TensorDataset(x[~test], y[~test]), TensorDataset(x[test], y[test])


@judged(slow=True)
def test_train(train):
    trains(train)
    train_set, (images, labels) = digit_sets()[0], digit_sets()[1][:]
    net = lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))  # noqa: E731
    model, _ = train(Args(net, train_set, train_set, epochs=20, batch_size=64, lr=3e-3))
    right = float((model(images).argmax(dim=1) == labels).float().mean())
    holds(right >= 0.95, zh=f"留出的数字只认对 {right:.0%}", en=f"only {right:.0%} of held-out digits are right")


@judged(slow=True)
def test_train_with_validation(train_with_validation):
    trains(train_with_validation)
    args = small_args(epochs=4)
    _, expected = reference_training(args)
    Spy.seen.clear()
    _, losses, accuracies = train_with_validation(args)
    tested = [(training, gradients) for test, training, gradients in Spy.seen if test]
    holds(tested, zh="没有用过测试集", en="the test set was never used")
    holds(
        not any(training for training, _ in tested), zh="检验时没有用 eval 模式", en="validation was not in eval mode"
    )
    holds(not any(gradients for _, gradients in tested), zh="检验时不需要梯度", en="validation needs no gradients")
    trained = all(training for test, training, _ in Spy.seen if not test)
    holds(trained, zh="训练时没有回到 train 模式", en="it did not go back to train mode for training")
    close(accuracies, expected)
    close(len(losses), 4)
    train_set, test_set = digit_sets()
    net = lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))  # noqa: E731
    _, _, accuracies = train_with_validation(Args(net, train_set, test_set, epochs=20, batch_size=64, lr=3e-3))
    holds(
        accuracies[-1] >= 0.95,
        zh=f"留出的数字只认对 {accuracies[-1]:.0%}",
        en=f"only {accuracies[-1]:.0%} of held-out digits are right",
    )


# Convolution


@judged
def test_Conv2d(Conv2d):
    cases: list[dict[str, Any]] = [
        {"kernel_size": 3},
        {"kernel_size": 3, "stride": 2},
        {"kernel_size": 3, "padding": 1},
        {"kernel_size": (2, 5), "stride": (3, 1), "padding": (1, 2)},
        {"kernel_size": 7, "stride": 2, "padding": 3},
    ]
    for options in cases:
        mine, theirs = Conv2d(2, 3, **options), nn.Conv2d(2, 3, bias=False, **options)
        namesakes(mine, theirs, torch.randn(2, 2, 9, 7), torch.randn(1, 2, 7, 8), **MILD)
    same_start(Conv2d(5, 200, (3, 7)), nn.Conv2d(5, 200, (3, 7), bias=False))


@judged
def test_MaxPool2d(MaxPool2d):
    x = -1 - torch.rand(2, 3, 9, 7)  # negative: a padding of zeros would win
    cases: list[dict[str, Any]] = [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": (2, 3), "padding": (1, 0)},
        {"kernel_size": (3, 2), "stride": (1, 3)},
    ]
    for options in cases:
        always_agree(MaxPool2d(**options), nn.MaxPool2d(**options), x, torch.randn(1, 1, 5, 8))


@judged
def test_BatchNorm2d(BatchNorm2d):
    torch.manual_seed(6)
    x = 3 + torch.tensor([1.0, 5.0])[:, None, None] * torch.randn(4, 2, 3, 5)
    same_names(BatchNorm2d(2), nn.BatchNorm2d(2))
    mine, theirs = BatchNorm2d(2), nn.BatchNorm2d(2)
    for _ in range(2):
        agree(mine, theirs, x, **MILD)
    cases: list[dict[str, Any]] = [{}, {"eps": 0.3}, {"momentum": 0.4}]
    for options in cases:
        mine, theirs = BatchNorm2d(2, **options), nn.BatchNorm2d(2, **options)
        namesakes(mine, theirs, x, torch.randn(1, 2, 3, 1), **MILD)
    same_start(BatchNorm2d(3), nn.BatchNorm2d(3))
    close(dict(BatchNorm2d(3).named_buffers()), dict(nn.BatchNorm2d(3).named_buffers()))
    raises(ValueError, BatchNorm2d(2), torch.randn(1, 2, 1, 1))
    norm = BatchNorm2d(2)
    norm.eval()
    close(norm(torch.ones(1, 2, 1, 1)), torch.ones(1, 2, 1, 1), atol=1e-4)


@judged
def test_AveragePool(AveragePool):
    theirs = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    always_agree(AveragePool(), theirs, torch.randn(2, 3, 4, 5), torch.randn(1, 2, 7, 1))


# Residual networks


def compare(mine: nn.Module, theirs: nn.Module, *inputs: Tensor) -> None:
    load_in_order(mine, theirs)
    always_agree(mine, theirs, *inputs, rtol=1e-3, atol=3e-4)


@judged
def test_ResidualBlock(ResidualBlock):
    for c_in, c_out, stride in ((3, 3, 1), (3, 5, 2), (3, 5, 1), (4, 4, 2)):
        inputs = torch.randn(2, c_in, 7, 5), torch.randn(1, c_in, 6, 9)
        compare(ResidualBlock(c_in, c_out, stride), reference.Block(c_in, c_out, stride), *inputs)
    compare(ResidualBlock(3, 3), reference.Block(3, 3), torch.randn(2, 3, 4, 5))


@judged
def test_BlockGroup(BlockGroup):
    for n_blocks, c_in, c_out, stride in ((1, 3, 4, 2), (2, 3, 4, 2), (3, 4, 4, 1)):
        theirs = reference.group(n_blocks, c_in, c_out, stride)
        compare(
            BlockGroup(n_blocks, c_in, c_out, stride), theirs, torch.randn(2, c_in, 7, 5), torch.randn(1, c_in, 6, 9)
        )


@judged(seconds=30)
def test_ResNet34(ResNet34):
    for blocks, widths, strides, n_classes in (((1, 2), (8, 12), (1, 2), 7), ((2, 1, 1), (6, 8, 5), (2, 1, 3), 3)):
        mine = ResNet34(list(blocks), list(widths), list(strides), n_classes)
        theirs = reference.ResNet34(blocks, widths, strides, n_classes)
        compare(mine, theirs, torch.randn(2, 3, 45, 37))
    mine, theirs = ResNet34(), reference.ResNet34()
    count = sum(p.numel() for p in mine.parameters())
    holds(count == 21_797_672, zh=f"应有 21,797,672 个参数，得到 {count:,}", en=f"21,797,672 parameters, not {count:,}")
    with torch.no_grad():
        mine.load_state_dict(dict(zip(mine.state_dict(), theirs.state_dict().values(), strict=True)))
        mine.eval()
        theirs.eval()
        x = torch.randn(1, 3, 64, 64)
        close(mine(x), theirs(x))


@judged
def test_copy_weights(copy_weights):
    def net(width: int = 3) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(2, width, 3), nn.BatchNorm2d(width), nn.Flatten(), nn.Linear(width, 4))

    inner, mine = net(), net()
    theirs = nn.ModuleDict({"other": inner})
    randomise(theirs)
    expected = {name.removeprefix("other."): value.clone() for name, value in theirs.state_dict().items()}
    got = copy_weights(mine, theirs)
    holds(got is mine, zh="应当返回 `mine` 本身", en="it should return `mine` itself")
    close(dict(mine.state_dict()), expected)
    close({name.removeprefix("other."): value for name, value in theirs.state_dict().items()}, expected)
    holds(
        all(p.requires_grad for p in mine.parameters()), zh="参数不再要求梯度", en="its parameters lost requires_grad"
    )
    with torch.no_grad():
        next(mine.parameters()).zero_()
    zh, en = "两个网络共用内存：改动一个，另一个也变了", "the networks share memory: changing one changes the other"
    holds(next(inner.parameters()).equal(expected["0.weight"]), zh=zh, en=en)
    before = {name: value.clone() for name, value in mine.state_dict().items()}
    swapped = nn.Sequential(nn.Linear(3, 4), nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    longer, wider = nn.Sequential(*net().children(), nn.Linear(2, 2)), net(5)
    last = nn.Sequential(*list(net().children())[:3], nn.Linear(3, 9))  # only the end doesn't fit
    for other in (longer, wider, swapped, last):
        raises(ValueError, copy_weights, mine, other)
    close(dict(mine.state_dict()), before)


@judged
def test_predict(predict):
    torch.manual_seed(8)
    model = nn.Sequential(nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(12, 5), nn.Dropout(0.5))
    images = 2 * torch.randn(7, 2, 3, 2)
    state = copy.deepcopy(model.state_dict())
    model.eval()
    with torch.no_grad():
        logits = model(images)
    probs = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    for training in (False, True):
        model.train(training)
        classes, confidence = predict(model, images)
        close(classes, torch.tensor([int(row.argmax()) for row in probs]))
        close(confidence, torch.tensor([float(row.max()) for row in probs]))
        holds(not confidence.requires_grad, zh="不需要梯度", en="no gradients are needed")
        restored = all(module.training == training for module in model.modules())
        mode = "train" if training else "eval"
        holds(restored, zh=f"之前是 {mode} 模式，之后不是", en=f"it was in {mode} mode before, and is not afterwards")
    close(dict(model.state_dict()), dict(state))


class SmallReference(nn.Module):
    """`SmallResNet` in plain torch.nn."""

    def __init__(self, n_classes: int, width: int) -> None:
        super().__init__()
        self.entrance = nn.Sequential(nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        groups = (width, width, 1), (width, 2 * width, 2), (2 * width, 4 * width, 2)
        self.groups = nn.Sequential(*(reference.group(1, *group) for group in groups))
        self.head = nn.Linear(4 * width, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.groups(self.entrance(x)).mean(dim=(2, 3)))


@judged(slow=True)
def test_SmallResNet(SmallResNet):
    compare(SmallResNet(7, 4), SmallReference(7, 4), torch.randn(2, 1, 8, 8), torch.randn(1, 1, 9, 6))
    close(tuple(SmallResNet()(torch.zeros(2, 1, 8, 8)).shape), (2, 10))
    torch.manual_seed(0)
    model, (train_set, test_set) = SmallResNet(), digit_sets()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(4):
        for images, labels in DataLoader(train_set, 64, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
    model.eval()
    images, labels = test_set[:]
    with torch.no_grad():
        right = float((model(images).argmax(dim=1) == labels).float().mean())
    holds(right >= 0.95, zh=f"四轮之后只认对 {right:.0%}", en=f"after four epochs only {right:.0%} are right")
