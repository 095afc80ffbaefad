"""One test per exercise of day 5's lesson on GANs; each is called from its cell, and collected by pytest.

Transposed convolutions and networks are held against torch.nn; a step of training against the same step of a copy.
"""

import contextlib
import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral
from typing import Any
from unittest import mock

import torch
import torch.nn.functional as F
from part2_cnns.agreement import (
    MILD,
    agree,
    always_agree,
    fails_by,
    layers,
    load_partners,
    made,
    namesakes,
    noise,
    same_start,
    self_made,
    unnoted,
)
from torch import Tensor, nn

from coach import case, close, holds, judged, say, without
from coach.judging.compare import OBSERVERS

TRANSPOSED = {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}
LEAKY = {"leaky_relu", "prelu", "rrelu"}
SIGMOIDS = {"sigmoid", "logsigmoid", "log_sigmoid", "hardsigmoid", "tanh", "sinh", "cosh", "silu", "expit"}


# Transposed convolution


def gradients_reach(function: Callable, reference: Callable, *inputs: Tensor, **options: Any) -> None:
    """The gradients of a random weighting of the result are those of `reference`."""
    leaves = [x.detach().clone().requires_grad_() for x in inputs]
    expected = reference(*leaves, **options)
    upstream = noise(*expected.shape, seed=7)
    right = torch.autograd.grad(expected, leaves, upstream)
    got = function(*leaves, **options)
    holds(got.requires_grad, zh="结果不再与输入相连，没有梯度", en="the result is cut off from its inputs: no gradient")
    if got.shape != upstream.shape:
        return  # in search of the likely mistake only
    found = torch.autograd.grad(got, leaves, upstream, allow_unused=True)
    for name, g, e in zip(("x", "weights"), found, right, strict=False):
        holds(g is not None, zh=f"没有梯度到达 `{name}`", en=f"no gradient reaches `{name}`")
        with case(zh=f"`{name}` 的梯度", en=f"the gradient of `{name}`"):
            close(g, e, **MILD)  # type: ignore


@judged
def test_conv1d_matrix(conv1d_matrix):
    kernel = torch.tensor([1.0, 2, 3])
    expected = torch.tensor([[1.0, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3]])
    close(conv1d_matrix(kernel, 5), expected)
    close(conv1d_matrix(kernel, 5, 2), expected[::2])
    for k, width, stride in ((2, 7, 1), (4, 9, 3), (3, 8, 2), (1, 4, 2), (5, 5, 1), (2, 8, 5)):
        kernel = noise(k, seed=k)
        columns = [F.conv1d(unit[None, None], kernel[None, None], stride=stride)[0, 0] for unit in torch.eye(width)]
        close(conv1d_matrix(kernel, width, stride), torch.stack(columns, dim=1))


@judged
def test_conv_transpose1d_minimal(conv_transpose1d_minimal):
    x, weights = torch.tensor([[[1.0, 10, 100]]]), torch.tensor([[[1.0, 2, 3]]])
    close(conv_transpose1d_minimal(x, weights), torch.tensor([[[1.0, 12, 123, 230, 300]]]))
    for batch, c_in, c_out, width, k in ((2, 3, 4, 7, 3), (1, 1, 5, 2, 4), (3, 2, 2, 6, 1), (2, 4, 1, 1, 2)):
        x, weights = noise(batch, c_in, width), noise(c_in, c_out, k, seed=k)
        close(without(TRANSPOSED, conv_transpose1d_minimal, x, weights), F.conv_transpose1d(x, weights), **MILD)  # type: ignore
    gradients_reach(conv_transpose1d_minimal, F.conv_transpose1d, noise(2, 3, 5), noise(3, 4, 3, seed=1))


def spread(x: Tensor, axis: int, stride: int) -> Tensor:
    """Zeros between neighbours along an axis, one slice after the other."""
    parts = [part for piece in x.split(1, dim=axis) for part in (*[0 * piece] * (stride - 1), piece)]
    return torch.cat(parts[stride - 1 :], dim=axis)


@judged
def test_fractional_stride_1d(fractional_stride_1d):
    close(fractional_stride_1d(torch.tensor([[[1.0, 10, 100]]]), 3), torch.tensor([[[1.0, 0, 0, 10, 0, 0, 100]]]))
    for shape, stride in (((2, 3, 5), 2), ((1, 4, 6), 1), ((3, 1, 4), 4), ((2, 2, 1), 3)):
        close(fractional_stride_1d(noise(*shape), stride), spread(noise(*shape), 2, stride))
    close(fractional_stride_1d(noise(2, 3, 4)), noise(2, 3, 4))
    gradients_reach(fractional_stride_1d, lambda x, stride: spread(x, 2, stride), noise(2, 3, 4), stride=3)


@judged
def test_conv_transpose1d(conv_transpose1d):
    x, weights = torch.tensor([[[1.0, 10, 100]]]), torch.tensor([[[1.0, 2, 3]]])
    close(conv_transpose1d(x, weights, 2, 1), torch.tensor([[[2.0, 13, 20, 130, 200]]]))
    for width, k, stride, padding in (
        (5, 3, 1, 0),
        (4, 4, 2, 1),
        (7, 3, 2, 1),
        (6, 5, 3, 2),
        (6, 5, 1, 4),
        (5, 2, 4, 0),
        (1, 3, 2, 1),
        (7, 1, 2, 0),
        (4, 3, 1, 2),
    ):
        x, weights = noise(2, 3, width), noise(3, 4, k, seed=k)
        expected = F.conv_transpose1d(x, weights, stride=stride, padding=padding)
        with case(zh=f"核 {k}，步幅 {stride}，填充 {padding}", en=f"kernel {k}, stride {stride}, padding {padding}"):
            close(without(TRANSPOSED, conv_transpose1d, x, weights, stride=stride, padding=padding), expected, **MILD)  # type: ignore
    close(conv_transpose1d(x, weights), F.conv_transpose1d(x, weights), **MILD)  # type: ignore
    options = {"stride": 2, "padding": 1}
    gradients_reach(conv_transpose1d, F.conv_transpose1d, noise(2, 3, 5), noise(3, 4, 3, seed=1), **options)


@judged
def test_fractional_stride_2d(fractional_stride_2d):
    x = torch.tensor([[[[1.0, 2, 3], [4, 5, 6]]]])
    row = torch.tensor([[1.0, 0, 0, 2, 0, 0, 3], [0.0] * 7, [4, 0, 0, 5, 0, 0, 6]])
    close(fractional_stride_2d(x, 2, 3), row[None, None])
    for shape, strides in (
        ((2, 3, 5, 4), (2, 2)),
        ((1, 2, 3, 5), (1, 3)),
        ((3, 1, 4, 2), (4, 1)),
        ((2, 2, 1, 3), (3, 2)),
    ):
        expected = spread(spread(noise(*shape), 2, strides[0]), 3, strides[1])
        close(fractional_stride_2d(noise(*shape), *strides), expected)
    both = lambda x, stride_h, stride_w: spread(spread(x, 2, stride_h), 3, stride_w)  # noqa: E731
    gradients_reach(fractional_stride_2d, both, noise(2, 3, 4, 2), stride_h=3, stride_w=2)


@judged
def test_conv_transpose2d(conv_transpose2d):
    ones = torch.ones(1, 1, 2, 2)
    close(conv_transpose2d(ones, ones), torch.tensor([[[[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]]]))
    cases: list[tuple[tuple[int, int], tuple[int, int], Any, Any]] = [
        ((5, 4), (3, 2), 1, 0),
        ((4, 5), (4, 4), 2, 1),
        ((7, 5), (3, 3), 2, 1),
        ((3, 6), (2, 5), (3, 1), (1, 4)),
        ((5, 3), (5, 2), (1, 4), (2, 0)),
        ((1, 2), (3, 4), (2, 3), (0, 1)),
        ((4, 3), (1, 3), 2, (0, 2)),
    ]
    for size, kernel, stride, padding in cases:
        x, weights = noise(2, 3, *size), noise(3, 4, *kernel, seed=kernel[1])
        expected = F.conv_transpose2d(x, weights, stride=stride, padding=padding)
        with case(
            zh=f"核 {kernel}，步幅 {stride}，填充 {padding}", en=f"kernel {kernel}, stride {stride}, padding {padding}"
        ):
            close(without(TRANSPOSED, conv_transpose2d, x, weights, stride=stride, padding=padding), expected, **MILD)  # type: ignore
    x, weights = noise(1, 2, 3, 4), noise(2, 1, 2, 3, seed=1)
    close(conv_transpose2d(x, weights), F.conv_transpose2d(x, weights), **MILD)  # type: ignore
    options = {"stride": (2, 1), "padding": (1, 0)}
    gradients_reach(conv_transpose2d, F.conv_transpose2d, noise(2, 3, 4, 3), noise(3, 2, 3, 2, seed=1), **options)


@judged
def test_ConvTranspose2d(ConvTranspose2d):
    cases: list[dict[str, Any]] = [
        {"kernel_size": 3},
        {"kernel_size": 4, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": (2, 5), "stride": (3, 1), "padding": (1, 2)},
        {"kernel_size": (5, 3), "stride": 3},
    ]
    for options in cases:
        mine, theirs = ConvTranspose2d(2, 3, **options), nn.ConvTranspose2d(2, 3, bias=False, **options)
        namesakes(mine, theirs, noise(2, 2, 4, 5), noise(1, 2, 7, 3), **MILD)
    same_start(lambda: ConvTranspose2d(200, 5, (3, 7)), nn.ConvTranspose2d(200, 5, (3, 7), bias=False))
    self_made(ConvTranspose2d(2, 3, 3), nn.ConvTranspose2d)


# Activations


@judged
def test_LeakyReLU(LeakyReLU):
    close(LeakyReLU(0.2)(torch.tensor([-5.0, 0, 3])), torch.tensor([-1.0, 0, 3]))
    for slope in (0.2, 0.01, 0.0, 1.0, 0.7):
        always_agree(LeakyReLU(slope), nn.LeakyReLU(slope), 3 * noise(3, 5), noise(1, 2, 3, 7), torch.tensor(-0.3))
    always_agree(LeakyReLU(), nn.LeakyReLU(), 100 * noise(2, 4))
    for size in (1e-6, 1e6):
        close(LeakyReLU(0.25)(torch.tensor([-size, size])), torch.tensor([-size / 4, size]), rtol=1e-6, atol=0)
    borrows_nothing(LeakyReLU(0.2), nn.LeakyReLU, LEAKY)


def borrows_nothing(mine: nn.Module, namesake: type[nn.Module], forbidden: set[str]) -> None:
    self_made(mine, namesake)
    with unnoted():
        without(forbidden, mine, noise(3))


FAR = [-1000.0, -90, -50, -17, -3, -0.5, -1e-3, 0, 1e-3, 0.4, 2.5, 17, 50, 90, 1000]


def stable(mine: nn.Module, theirs: nn.Module) -> None:
    """Values and gradients, near 0 and far from it."""
    always_agree(mine, theirs, 2 * noise(3, 5), noise(1, 2, 3, 4), torch.tensor(0.7))
    with case(zh="很远的输入", en="on inputs far from 0"):
        agree(mine, theirs, torch.tensor(FAR, dtype=torch.float64))
    mine.float()
    with case(zh="很远的输入", en="on inputs far from 0"):
        agree(mine, theirs, torch.tensor(FAR))
    with case(zh="在 0 处", en="at 0"):
        agree(mine, theirs, torch.zeros(2, 1))


@judged
def test_Sigmoid(Sigmoid):
    stable(Sigmoid(), nn.Sigmoid())
    borrows_nothing(Sigmoid(), nn.Sigmoid, SIGMOIDS)


@judged
def test_Tanh(Tanh):
    stable(Tanh(), nn.Tanh())
    borrows_nothing(Tanh(), nn.Tanh, SIGMOIDS)


# Networks


def reference_generator(latent_dim: int, size: int, channels: int, hidden: list[int]) -> nn.Sequential:
    first, widths = size // 2 ** len(hidden), [*hidden[::-1], channels]
    found: list[nn.Module] = [nn.Linear(latent_dim, widths[0] * first**2, bias=False)]
    found += [nn.Unflatten(1, (widths[0], first, first)), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    for i, (c_in, c_out) in enumerate(pairwise(widths)):
        found.append(nn.ConvTranspose2d(c_in, c_out, 4, 2, 1, bias=False))
        found += [nn.BatchNorm2d(c_out), nn.ReLU()] if i < len(hidden) - 1 else [nn.Tanh()]
    return nn.Sequential(*found)


def reference_discriminator(size: int, channels: int, hidden: list[int]) -> nn.Sequential:
    found: list[nn.Module] = []
    for i, (c_in, c_out) in enumerate(pairwise([channels, *hidden])):
        norm = [nn.BatchNorm2d(c_out)] if i else []
        found += [nn.Conv2d(c_in, c_out, 4, 2, 1, bias=False), *norm, nn.LeakyReLU(0.2)]
    last = hidden[-1] * (size // 2 ** len(hidden)) ** 2
    return nn.Sequential(*found, nn.Flatten(), nn.Linear(last, 1), nn.Flatten(0))


def compare(mine: nn.Module, theirs: nn.Module, *inputs: Tensor) -> None:
    """Twice in train, once in eval, and once more in float64."""
    load_partners(mine, theirs)
    for training in (True, True, False):
        mine.train(training)
        theirs.train(training)
        for x in inputs:
            agree(mine, theirs, x, rtol=1e-3, atol=3e-4)
    mine.double().train()
    theirs.double().train()
    with case(zh="输入为 float64 时", en="on float64"):
        agree(mine, theirs, inputs[0].double())


def unchanged(given: list[int], hidden: list[int]) -> None:
    holds(given == hidden, zh="传入的列表被改动了", en="the list that was given has changed")


# In the last two one number of channels occurs twice: which layer is the first or the last isn't told by it.
SIZES: list[tuple[int, int, list[int]]] = [
    (12, 3, [4, 6]),
    (8, 1, [3]),
    (16, 2, [3, 5, 4]),
    (8, 1, [3, 3]),
    (8, 2, [2, 4]),
]


@judged
def test_Generator(Generator):
    for latent_dim, (size, channels, hidden) in zip((7, 5, 6, 3, 4), SIZES, strict=True):
        given = list(hidden)
        mine = made(Generator, latent_dim, size, channels, given)
        unchanged(given, hidden)
        theirs = reference_generator(latent_dim, size, channels, hidden)
        compare(mine, theirs, noise(3, latent_dim), noise(1, latent_dim))
    mine, theirs = made(Generator, 4, 4, 1, (2,)), reference_generator(4, 4, 1, [2])
    compare(mine, theirs, noise(2, 4))


@judged
def test_Discriminator(Discriminator):
    for size, channels, hidden in SIZES:
        given = list(hidden)
        mine = made(Discriminator, size, channels, given)
        unchanged(given, hidden)
        theirs = reference_discriminator(size, channels, hidden)
        compare(mine, theirs, noise(3, channels, size, size), noise(1, channels, size, size))
    mine, theirs = made(Discriminator, 4, 1, (2,)), reference_discriminator(4, 1, [2])
    compare(mine, theirs, noise(2, 1, 4, 4))


def drawn(name: str, value: Tensor, mean: float, std: float = 0.02) -> None:
    """`value` looks like independent draws from this normal distribution."""
    n, value = value.numel(), value.detach().double()
    for zh, en, got, wanted, off in (
        ("均值", "mean", float(value.mean()), mean, 6 * std / math.sqrt(n)),
        ("标准差", "standard deviation", float(value.std()), std, 5 * std / math.sqrt(n)),
    ):
        zh, en = (
            f"{name} 的{zh}应约为 {wanted:g}，得到 {got:.3g}",
            f"{name} should have a {en} of about {wanted:g}, not {got:.3g}",
        )
        holds(abs(got - wanted) <= off, zh=zh, en=en)
    if OBSERVERS:  # how far off
        close((round(float(value.mean()), 1), round(2 * math.log2(max(float(value.std()), 1e-9)))), ())
    kurtosis = float((((value - value.mean()) / value.std().clamp(min=1e-12)) ** 4).mean())
    zh, en = f"{name} 不像取自正态分布", f"{name} does not look drawn from a normal distribution"
    holds(2.5 < kurtosis < 3.5, zh=zh, en=en)
    if value.ndim > 1:
        rows = float(value.flatten(1).std(dim=1).mean())
        zh, en = f"{name} 的每个元素应当各自抽取", f"each entry of {name} is to be drawn on its own"
        holds(rows > 0.8 * std and value.unique().numel() > n / 2, zh=zh, en=en)


def by_the_table(model: nn.Module) -> None:
    """All layers that hold a `weight`: with one axis it is a batch norm's."""
    for i, (_, own) in enumerate(layers(model), start=1):
        where = say(zh=f"第 {i} 层的 weight", en=f"the weight of layer {i}")
        weight = own["weight"]
        if weight.numel() > 200:
            drawn(where, weight, float(weight.ndim == 1))
        if (bias := own.get("bias")) is not None:
            zh, en = f"第 {i} 层的 bias 应当全是 0", f"the bias of layer {i} should be all zeros"
            holds(bool((bias == 0).all()), zh=zh, en=en)


def mixed() -> nn.Sequential:
    """A network with all layers of the table, nested."""
    torch.manual_seed(2)
    inner = nn.Sequential(nn.ConvTranspose2d(15, 20, (4, 3)), nn.BatchNorm2d(1500), nn.Linear(90, 70))
    return nn.Sequential(
        nn.Conv2d(10, 15, 5), inner, nn.Conv2d(9, 20, 4, bias=False), nn.ConvTranspose2d(20, 9, 4, bias=False),
        nn.Linear(60, 50, bias=False), nn.BatchNorm2d(2000),
    )  # fmt: skip


@judged
def test_initialize_weights(initialize_weights):
    model, others = mixed(), nn.Sequential(nn.LayerNorm(40), nn.Embedding(9, 7), nn.PReLU(5))
    whole = nn.Sequential(model, others)
    for value in (*whole.parameters(), *whole.buffers()):
        if value.is_floating_point():
            value.data.uniform_(2, 3)
    model[0].weight.requires_grad_(False)
    parameters, buffers = list(whole.parameters()), [b.clone() for b in whole.buffers()]
    kept = [p.detach().clone() for p in others.parameters()]
    initialize_weights(whole)
    by_the_table(model)
    with case(zh="别种层的参数", en="the parameters of other layers"):
        close([p.detach() for p in others.parameters()], kept)
    with case(zh="缓冲区", en="the buffers"):
        close(list(whole.buffers()), buffers)
    after = list(whole.parameters())
    same = len(after) == len(parameters) and all(p is q for p, q in zip(parameters, after, strict=True))
    holds(same, zh="参数被换成了新的对象", en="parameters were exchanged for new objects")
    asks = [p.requires_grad for p in after]
    zh, en = "参数的 `requires_grad` 变了", "the `requires_grad` of parameters changed"
    holds(asks == [False] + [True] * (len(asks) - 1), zh=zh, en=en)
    zh, en = "改写被记进了计算图", "the change was recorded in a graph"
    holds(all(p.is_leaf for p in after), zh=zh, en=en)
    for alone in (nn.Conv2d(9, 20, 5), nn.ConvTranspose2d(9, 20, 5), nn.Linear(50, 60), nn.BatchNorm2d(1000)):
        name = type(alone).__name__
        with case(zh=f"单独一个 {name}", en=f"a single {name}"):
            initialize_weights(alone)
            by_the_table(alone)
    drawn_anew(lambda: initialize_weights(alone), lambda: alone.weight.detach().clone())


def drawn_anew(act: Callable, value: Callable[[], Tensor]) -> None:
    """Each time other numbers, and by the same seed the same."""
    found = []
    for seed in (None, None, 5, 5):
        if seed:
            torch.manual_seed(seed)
        act()
        found.append(value())
    zh, en = "每次都应当重新抽取", "it should be drawn anew each time"
    holds(not found[0].equal(found[1]), zh=zh, en=en)
    zh = "种子相同，值却不同：随机数要取自 torch 的全局发生器"
    en = "the same seed gives other values: draw them from torch's global generator"
    holds(found[2].equal(found[3]), zh=zh, en=en)


@judged
def test_DCGAN(DCGAN):
    for size, channels, hidden in (*SIZES[:2], (8, 1, [32, 24])):
        gan = made(DCGAN, 16, size, channels, list(hidden))
        for name, like in (
            ("generator", reference_generator(16, size, channels, hidden)),
            ("discriminator", reference_discriminator(size, channels, hidden)),
        ):
            zh, en = f"没有属性 `{name}`", f"there is no attribute `{name}`"
            holds(isinstance(getattr(gan, name, None), nn.Module), zh=zh, en=en)
            with case(zh=name, en=name):
                by_the_table(getattr(gan, name))
                compare(copy.deepcopy(getattr(gan, name)), like, *inputs_of(name, 16, channels, size))
    samples_well(gan, 16)
    keywords = {"latent_dim": 3, "img_size": 4, "img_channels": 2, "hidden_channels": (5,)}
    shapes = tuple(made(DCGAN, **keywords).sample(3).shape), tuple(made(DCGAN).sample(2).shape)  # type: ignore
    close(shapes, ((3, 2, 4, 4), (2, 1, 8, 8)))


def inputs_of(name: str, latent_dim: int, channels: int, size: int) -> list[Tensor]:
    return [noise(3, latent_dim) if name == "generator" else noise(3, channels, size, size)]


def samples_well(gan: Any, latent_dim: int) -> None:
    """Fresh standard normal noise, with gradients, in the mode that it is in."""
    seen: list[Tensor] = []
    gan.generator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach()))
    for training in (True, False):
        gan.train(training)
        pictures = gan.sample(900)
        zh, en = "`sample` 没有经过 `self.generator`", "`sample` does not pass through `self.generator`"
        holds(seen, zh=zh, en=en)
        holds(tuple(seen[-1].shape) == (900, latent_dim), zh="噪声的形状不对", en="the noise has the wrong shape")
        drawn(say(zh="噪声", en="the noise"), seen[-1], 0, 1)
        zh, en = (
            "图与生成器断开了，没有梯度：训练不能用",
            "the pictures are cut off from the generator: no gradients to train it",
        )
        holds(pictures.requires_grad, zh=zh, en=en)
        zh, en = "`sample` 改变了模式", "`sample` changed the mode"
        holds(gan.training == training and gan.generator.training == training, zh=zh, en=en)
    drawn_anew(lambda: gan.sample(2), lambda: seen[-1])


# Steps of training


def small_generator() -> nn.Sequential:
    torch.manual_seed(4)
    return nn.Sequential(nn.Linear(3, 24), nn.Unflatten(1, (2, 3, 4)), nn.Tanh())


def small_discriminator(norm: bool, scale: float = 1.0) -> nn.Sequential:
    torch.manual_seed(5)
    middle = [nn.BatchNorm1d(6)] if norm else []
    net = nn.Sequential(nn.Flatten(), nn.Linear(24, 6), *middle, nn.LeakyReLU(0.2), nn.Linear(6, 1), nn.Flatten(0))
    with torch.no_grad():
        net[-2].weight *= scale  # type: ignore
    return net


def sgd(net: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.5)


def litter(net: nn.Module, seed: int) -> None:
    """Gradients that have no business there."""
    for i, p in enumerate(net.parameters()):
        p.grad = noise(*p.shape, seed=seed + i).to(p)


def grads(net: nn.Module) -> list[Tensor | None]:
    return [None if p.grad is None else p.grad.clone() for p in net.parameters()]


def equal(before: list[Tensor | None], after: list[Tensor | None]) -> bool:
    pairs = zip(before, after, strict=True)
    return all(p is q or (p is not None and q is not None and p.equal(q)) for p, q in pairs)


def values(net: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in net.parameters()]


@contextlib.contextmanager
def stays(net: nn.Module, zh: str, en: str) -> Iterator[None]:
    """The parameters of `net`, and what they ask of gradients, are the same afterwards."""
    before, asked = values(net), [p.requires_grad for p in net.parameters()]
    yield
    holds(equal(before, values(net)), zh=f"{zh}的参数变了", en=f"the parameters of the {en} changed")  # type: ignore
    asks = [p.requires_grad for p in net.parameters()] == asked
    holds(asks, zh=f"{zh}的 `requires_grad` 变了", en=f"`requires_grad` of the {en} changed")


def twins(norm: bool, scale: float, double: bool) -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
    """A generator and a discriminator, twice."""
    nets = small_generator(), small_discriminator(norm, scale)
    nets = tuple(net.double() if double else net for net in nets)
    return (*nets, *copy.deepcopy(nets))  # type: ignore


def expert_loss(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    real_score, fake_score = discriminator(real), discriminator(fake.detach())
    return F.binary_cross_entropy_with_logits(
        real_score, torch.ones_like(real_score)
    ) + F.binary_cross_entropy_with_logits(fake_score, torch.zeros_like(fake_score))


KINDS = ((False, 1.0, False), (True, 1.0, False), (False, 3000.0, False), (True, 2.0, True))


@judged
def test_training_step_discriminator(training_step_discriminator):
    for norm, scale, double in KINDS:
        G, D, G2, D2 = twins(norm, scale, double)
        optimizer, optimizer_2 = sgd(D), sgd(D2)
        for step, (n_real, n_fake) in enumerate(((5, 3), (4, 4), (2, 7))):
            real = noise(n_real, 2, 3, 4, seed=step).to(D[1].weight)  # type: ignore
            z = noise(n_fake, 3, seed=step).to(real)
            expected = expert_loss(D2, real, G2(z))
            optimizer_2.zero_grad()
            expected.backward()
            optimizer_2.step()
            litter(D, 3)
            if step:
                litter(G, 9)
            before, fake = grads(G), G(z)
            with stays(G, "生成器", "generator"):
                got = training_step_discriminator(D, optimizer, real, fake)
            with case(zh="损失", en="the loss"):
                close(plain(got), expected.item(), rtol=1e-3)
            zh, en = "生成器的 `.grad` 被动过了", "the `.grad` of the generator was touched"
            holds(equal(before, grads(G)), zh=zh, en=en)
            with case(zh="判别器更新之后的参数", en="the discriminator's parameters after the step"):
                close(values(D), values(D2), **MILD)  # type: ignore
            goes_on(fake)


def plain(loss: Any) -> Any:
    return loss.item() if isinstance(loss, Tensor) and loss.ndim == 0 else loss


def goes_on(fake: Tensor) -> None:
    """The generator can still use the graph of its fakes."""
    try:
        (fake * noise(*fake.shape, seed=3).to(fake)).sum().backward()
        right = True
    except RuntimeError:
        right = False
    zh = "假图的计算图没有留下：造假者的那一步用不了它了"
    en = "the graph of the fakes is used up: the generator's step can't use it any more"
    holds(right and fake.requires_grad, zh=zh, en=en)


@judged
def test_training_step_generator(training_step_generator):
    for norm, scale, double in KINDS:
        G, D, G2, D2 = twins(norm, scale, double)
        optimizer, optimizer_2 = sgd(G), sgd(G2)
        for step, n in enumerate((5, 2, 4)):
            z = noise(n, 3, seed=step).to(D[1].weight)  # type: ignore
            score = D2(G2(z))
            expected = F.binary_cross_entropy_with_logits(score, torch.ones_like(score))
            optimizer_2.zero_grad()
            expected.backward()
            optimizer_2.step()
            litter(G, 3)
            litter(D, 9)
            D[1].bias.requires_grad_(step != 1)  # type: ignore
            with stays(D, "判别器", "discriminator"):
                got = training_step_generator(D, optimizer, G(z))
            with case(zh="损失", en="the loss"):
                close(plain(got), expected.item(), rtol=1e-3)
            with case(zh="生成器更新之后的参数", en="the generator's parameters after the step"):
                close(values(G), values(G2), **MILD)  # type: ignore


# The whole training


@dataclass
class Args:
    """What `GANArgs` holds, without its defaults."""

    images: Tensor
    latent_dim: int = 5
    hidden_channels: tuple[int, ...] = (4, 6)
    epochs: int = 3
    batch_size: int = 8
    lr: float = 1e-3
    betas: tuple[float, float] = (0.4, 0.95)
    seed: int = 3


def marked(n: int, channels: int = 1, size: int = 8) -> Tensor:
    """Pictures whose first pixel is larger than a generator can draw, and tells which it is."""
    images = noise(n, channels, size, size).tanh()
    images[:, 0, 0, 0] = 1.1 + torch.arange(n) / 64
    return images


class Watcher:
    """`look`, which also notes what passes through the networks from the second epoch on, and puts them in eval."""

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.gans: list[nn.Module] = []
        self.states: list[tuple[list[Tensor], list[Tensor]]] = []
        self.noise: list[Tensor] = []
        self.scored: list[Tensor] = []
        self.experts: list[list[Tensor]] = []  # the discriminator's parameters at each of its calls
        self.modes: set[bool] = set()

    def __call__(self, epoch: int, gan: Any) -> None:
        if not self.epochs:
            gan.generator.register_forward_pre_hook(lambda net, z: self.note(net, self.noise, z[0].detach().clone()))
            gan.discriminator.register_forward_pre_hook(
                lambda net, x: self.note(net, self.scored, x[0].detach().clone())
            )
            gan.discriminator.register_forward_pre_hook(lambda net, x: self.experts.append(values(net)))
        self.epochs.append(epoch)
        self.gans.append(gan)
        self.states.append((values(gan.generator), values(gan.discriminator)))
        gan.eval()

    def note(self, net: nn.Module, place: list, value: Any) -> None:
        self.modes.add(net.training)
        place.append(value)


def recorded(train: Callable, *args: Any) -> tuple[Any, list[torch.optim.Adam]]:
    """What `train` returns, and the Adams that it made."""
    found: list[torch.optim.Adam] = []

    class Adam(torch.optim.Adam):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            found.append(self)

    with mock.patch("torch.optim.Adam", Adam):
        return train(*args), found


@judged
def test_train_gan(train_gan):
    images = marked(30)
    given, watcher = images.clone(), Watcher()
    with unnoted():  # where its random numbers go is up to the learner
        (gan, losses), adams = recorded(train_gan, Args(images), watcher)
    holds(images.equal(given), zh="`args.images` 被改动了", en="`args.images` has changed")
    with case(zh="损失一共有几对", en="how many pairs of losses"):
        close(len(losses), 12)
    first = [float(plain(v)) for v in losses[0]]
    zh = f"第一对损失应约为 (1.39, 0.69)，得到 ({first[0]:.2f}, {first[1]:.2f})"
    en = f"the first pair of losses should be about (1.39, 0.69), not ({first[0]:.2f}, {first[1]:.2f})"
    holds(abs(first[0] - 2 * math.log(2)) < 0.2 and abs(first[1] - math.log(2)) < 0.2, zh=zh, en=en)
    with case(zh="`look` 看到的轮次", en="the epochs that `look` was called with"):
        close(watcher.epochs, [1, 2, 3])
    if not watcher.epochs:
        return  # in search of the likely mistake only
    zh, en = "`look` 收到的应当就是返回的那个 `gan`", "`look` should get the very `gan` that is returned"
    holds(all(seen is gan for seen in watcher.gans), zh=zh, en=en)
    zh, en = "训练时网络不在 train 模式", "the networks were not trained in train mode"
    holds(watcher.modes == {True}, zh=zh, en=en)
    for zh, en, which in (("生成器", "generator", 0), ("判别器", "discriminator", 1)):
        before, after = watcher.states[0][which], watcher.states[-1][which]
        moved = all(not p.equal(q) for p, q in zip(before, after, strict=True))
        holds(
            moved, zh=f"{zh}没有全部在学：有的参数没有变", en=f"not all of the {en} learns: parameters stay as they are"
        )
    uses_all(watcher)
    right_optimizers(adams, gan)
    depends_on_seed(train_gan, images, losses)
    other = marked(6, channels=2, size=4)
    with unnoted():
        gan, losses = train_gan(Args(other, hidden_channels=(3,), latent_dim=4, epochs=1, batch_size=3, lr=0.0))
    close(tuple(gan.sample(5).shape), (5, 2, 4, 4))
    close(len(losses), 2)


def uses_all(watcher: Watcher) -> None:
    """Each epoch uses each picture once, in another order; one batch of fakes for each batch of real ones."""
    is_real = [bool((x[:, 0, 0, 0] > 1.05).all()) for x in watcher.scored]
    real = [x for x, right in zip(watcher.scored, is_real, strict=True) if right]
    fake = [x for x, right in zip(watcher.scored, is_real, strict=True) if not right]
    sizes = [len(x) for x in real]
    with case(zh="真图每批的张数", en="the sizes of the real batches"):
        close(sorted(sizes[:4]), [6, 8, 8, 8])
    with case(zh="每批假图的张数", en="the sizes of the batches of fakes"):
        close([len(z) for z in watcher.noise], sizes)
    orders = [torch.cat(real[i : i + 4])[:, 0, 0, 0].sub(1.1).mul(64).round().int().tolist() for i in (0, 4)]
    zh, en = "每一轮应当每张真图恰好用一次", "each epoch should use each real picture exactly once"
    holds(all(sorted(order) == list(range(30)) for order in orders), zh=zh, en=en)
    zh, en = "每一轮都应当重新打乱", "the pictures should be shuffled anew in each epoch"
    holds(orders[0] != orders[1], zh=zh, en=en)
    holds(orders[0] != sorted(orders[0]), zh="顺序应当打乱", en="the order should be shuffled")
    twice = len(fake) == 2 * len(real) and all(p.equal(q) for p, q in zip(fake[::2], fake[1::2], strict=True))
    zh, en = "两步应当用同一批假图", "both steps should use the same fakes"
    holds(twice, zh=zh, en=en)
    before, after = watcher.experts[::3], watcher.experts[2::3]
    first = all(any(not p.equal(q) for p, q in zip(*pair, strict=True)) for pair in zip(before, after, strict=False))
    zh, en = "每一批里鉴定师应当先走一步", "in each batch the expert should take the first step"
    holds(first, zh=zh, en=en)
    zh, en = "每一批都应当用新的噪声", "each batch should be drawn from fresh noise"
    rows = torch.cat(watcher.noise)
    holds(len(rows.unique(dim=0)) == len(rows), zh=zh, en=en)


def right_optimizers(adams: list[torch.optim.Adam], gan: Any) -> None:
    """Where `torch.optim.Adam` was called: two, each with the parameters of one network, and with what `args` says."""
    if not adams and not OBSERVERS:
        return  # imported under another name
    for adam in adams:
        with case(zh="Adam 的学习率与 betas", en="learning rate and betas of Adam"):
            close((adam.defaults["lr"], tuple(adam.defaults["betas"])), (1e-3, (0.4, 0.95)))
    owned = sorted(sorted(id(p) for group in adam.param_groups for p in group["params"]) for adam in adams)
    wanted = sorted(sorted(map(id, net.parameters())) for net in (gan.generator, gan.discriminator))
    zh, en = "两个 Adam 应当各管一个网络的参数", "there should be two Adams, each with the parameters of one network"
    holds(owned == wanted, zh=zh, en=en)


def depends_on_seed(train: Callable, images: Tensor, losses: list) -> None:
    fails_by(TypeError, train, Args(images, epochs=1), None)  # it may need a `look`
    with unnoted():
        again, other = (train(Args(images, seed=seed), None)[1] for seed in (3, 4))
    same = [list(map(float, pair)) for pair in again] == [list(map(float, pair)) for pair in losses]
    holds(same, zh="同样的 `args` 再来一次，损失却不同", en="the same `args` again give other losses")
    zh, en = "种子不同，损失却相同", "another seed gives the same losses"
    holds([list(map(float, pair)) for pair in other] != [list(map(float, pair)) for pair in again], zh=zh, en=en)


@judged
def test_judge_samples(judge_samples):
    classes, probs = torch.tensor([2, 0, 2, 2]), torch.tensor([0.9, 0.5, 0.8, 1.0])
    close(judge_samples(classes, probs, 3, 0.5), (1, 0.8))
    close(judge_samples(classes, probs, 3, 0.25), (2, 0.8))  # exactly that share counts
    close(judge_samples(classes, probs, n_classes=7, at_least=0.125), (2, 0.8))
    close(judge_samples(torch.tensor([4]), torch.tensor([0.3])), (1, 0.3))
    chance = torch.Generator().manual_seed(0)
    classes = torch.tensor([0] * 31 + [1] * 3 + [3] * 60 + [5] + [9] * 5)[torch.randperm(100, generator=chance)]
    probs = torch.rand(100, generator=chance)
    mean = sum(probs.tolist()) / 100
    for at_least, coverage in ((0.005, 5), (0.025, 4), (0.04, 3), (0.35, 1), (0.7, 0)):
        close(judge_samples(classes, probs, at_least=at_least), (coverage, mean))
    coverage, confidence = judge_samples(classes, probs)
    close((coverage, confidence), (4, mean))
    plainly = isinstance(coverage, Integral) and isinstance(confidence, float)
    zh, en = "应返回一个整数和一个 `float`，不是张量", "an integer and a `float` should come back, and no tensors"
    holds(plainly, zh=zh, en=en)
