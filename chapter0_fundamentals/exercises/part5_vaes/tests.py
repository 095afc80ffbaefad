"""One test per exercise of day 5's first lesson; each is called from its cell, and collected by pytest.

Where chance is involved, what is judged is the distribution, and the gradients that pass through it: how a learner draws
is free.
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
from part2_cnns.agreement import agree, load_partners, made, noise, partners, scattered, state, unnoted
from torch import Tensor, nn
from torch.distributions import Distribution, MultivariateNormal, Normal, kl_divergence
from torch.utils.data import Dataset

from coach import case, close, holds, judged
from coach.judging.compare import OBSERVERS

MILD: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-4}  # where float32 sums are long
CHANCE = "its result is drawn: the test holds the distribution"
DRAWN = {"repeat": CHANCE, "strided": CHANCE, "float64": CHANCE}


# Compression


def by_covariance(train: Tensor, held_out: Tensor, k: int) -> Tensor:
    """The same reconstruction by the eigenvectors of the covariance, in NumPy and float64; the dtype is `train`'s."""
    rows, others = train.double().numpy(), held_out.double().numpy()
    mean = rows.mean(axis=0)
    _, vectors = np.linalg.eigh((rows - mean).T @ (rows - mean))  # the largest last
    directions = vectors[:, vectors.shape[1] - k :]
    return torch.tensor(mean + (others - mean) @ directions @ directions.T).to(train.dtype)


@judged
def test_pca_reconstruct(pca_reconstruct):
    points = torch.tensor([[1.0, 2], [2, 4], [3, 6]])
    close(pca_reconstruct(points, torch.tensor([[4.0, 3], [0, 5]]), 1), torch.tensor([[2.0, 4], [2, 4]]))  # by hand
    scale = torch.tensor([3.0, 0.2, 1.0, 2.0, 0.5])
    train, held_out = noise(9, 5) * scale + 4, noise(6, 5, seed=1) - torch.arange(5)
    for k in (2, 3, 1):
        close(pca_reconstruct(train, held_out, k), by_covariance(train, held_out, k), **MILD)
    with case(zh="`k = 0` 时", en="with `k = 0`"):
        close(pca_reconstruct(train, held_out, 0), train.mean(dim=0).expand(6, 5))
    with case(zh="`k` 等于像素数时", en="with `k` as large as a row"):
        close(pca_reconstruct(train, held_out, 5), held_out, **MILD)
    with case(zh="行比像素少时", en="with fewer rows than pixels"):
        close(pca_reconstruct(train[:3], held_out, 2), by_covariance(train[:3], held_out, 2), **MILD)
    with case(zh="`held_out` 只有一行时", en="with a single row held out"):
        close(pca_reconstruct(train, held_out[:1], 2), by_covariance(train, held_out[:1], 2), **MILD)
    with case(zh="float64 的位数", en="the digits of float64"):
        got, expected = (by(train.double(), held_out.double(), 2) for by in (pca_reconstruct, by_covariance))
        if OBSERVERS:  # digits that are lost tell mistakes apart
            fine = got.shape == expected.shape and torch.allclose(got.double(), expected, rtol=1e-8, atol=1e-8)
            holds(fine, zh="", en="")
        close(got, expected, rtol=1e-8, atol=1e-8)


class Reference(nn.Module):
    """`Autoencoder` in plain torch.nn; with `doubled`, the layers of `VAE`."""

    def __init__(self, latent: int, hidden: int, size: int, doubled: bool = False) -> None:
        super().__init__()
        numbers = 2 * latent if doubled else latent
        first, last = nn.Linear(size * size, hidden), nn.Linear(hidden, numbers)
        self.inwards = nn.Sequential(nn.Flatten(), first, nn.ReLU(), last)
        self.outwards = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, size * size))
        self.size = size

    def decoder(self, z: Tensor) -> Tensor:
        return self.outwards(z).reshape(-1, 1, self.size, self.size)

    def forward(self, images: Tensor) -> Tensor:
        return self.decoder(self.inwards(images))


@judged
def test_Autoencoder(Autoencoder):
    for latent, hidden, size, batch in ((2, 7, 4, 3), (5, 3, 3, 1)):
        mine, theirs = made(Autoencoder, latent, hidden, size), Reference(latent, hidden, size)
        load_partners(mine, theirs)
        images, z = noise(batch, 1, size, size), noise(batch, latent)
        with case(zh="`encoder`", en="`encoder`"):
            close(part(mine, "encoder")(images), theirs.inwards(images), **MILD)
        with case(zh="`decoder`", en="`decoder`"):
            close(part(mine, "decoder")(z), theirs.decoder(z), **MILD)
        agree(mine, theirs, images, **MILD)
        mine.double()
        theirs.double()
        with case(zh="输入为 float64 时", en="on float64"):
            agree(mine, theirs, images.double())
    mine, theirs = made(Autoencoder, 2, 9), Reference(2, 9, 8)
    load_partners(mine, theirs)
    with case(zh="没有给 `size` 时", en="without a `size`"):
        agree(mine, theirs, noise(2, 1, 8, 8), **MILD)


def part(model: nn.Module, name: str) -> Callable:
    holds(
        hasattr(model, name),
        zh=f"它没有 `{name}`：这个名字后面要用",
        en=f"it has no `{name}`: that name is needed below",
    )
    return getattr(model, name, lambda x: x)


# Training


@dataclass
class Args:
    """What `AutoencoderArgs` and `VAEArgs` hold, without their defaults."""

    make_model: Callable[[], nn.Module]
    train_set: Dataset
    epochs: int = 3
    batch_size: int = 100
    lr: float = 0.02
    seed: int = 5
    on_epoch: Callable[[nn.Module], None] | None = None
    kl_weight: float = 0.3


class Logged(Dataset):
    """Random pictures of 1 3 2 with labels, that remember which of them were asked for."""

    def __init__(self, size: int) -> None:
        self.images, self.asked = 2 + noise(size, 1, 3, 2, seed=size), []

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        if i >= len(self):
            raise IndexError(i)
        self.asked.append(int(i))
        return self.images[i], 10_000 + i  # a label that no loss should see


class Tiny(nn.Module):
    """A small autoencoder that counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.into, self.out, self.called = nn.Linear(6, 2), nn.Linear(2, 6), 0

    def forward(self, images: Tensor) -> Any:
        self.called += 1
        return self.out(self.into(images.flatten(1))).reshape(images.shape)


class TinyVAE(Tiny):
    """The same with clouds of a width that it learns, but it draws nothing: what it gives can be known."""

    def __init__(self) -> None:
        super().__init__()
        self.width = nn.Linear(6, 2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, logsigma = self.into(images.flatten(1)), self.width(images.flatten(1))
        self.called += 1
        return self.out(mu + 0.1 * logsigma).reshape(images.shape), mu, logsigma


def terms(images: Tensor, output: Any) -> tuple[Tensor, Tensor]:
    """Error and price by a loop over pictures."""
    reconstructions, *cloud = (output, torch.zeros(len(images), 1), torch.zeros(len(images), 1))
    if isinstance(output, tuple):
        reconstructions, *cloud = output
    mu, logsigma = cloud
    errors = [((a - b) ** 2).sum() for a, b in zip(images, reconstructions, strict=True)]
    prices = [(kl_divergence(Normal(m, s.exp()), Normal(0.0, 1.0))).sum() for m, s in zip(mu, logsigma, strict=True)]
    return torch.stack(errors).mean(), torch.stack(prices).mean()


def reference_training(args: Args) -> tuple[nn.Module, list[tuple[float, float]]]:
    """By batches of everything."""
    torch.manual_seed(args.seed)
    model = args.make_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    images = args.train_set.images  # type: ignore
    history = []
    for _ in range(args.epochs):
        error, price = terms(images, model(images))
        optimizer.zero_grad()
        (error + args.kl_weight * price).backward()
        optimizer.step()
        history.append((error.item(), price.item()))
    return model, history


def trains(train: Callable, kind: type[nn.Module]) -> None:
    """What holds of both trainings; that of an autoencoder is told its errors only."""
    for seed, epochs, lr, weight in ((5, 6, 0.02, 0.3), (6, 1, 0.02, 2.0), (0, 3, 0.1, 0.0)):
        args = Args(kind, Logged(12), epochs=epochs, seed=seed, lr=lr, kl_weight=weight)
        model, expected = reference_training(args)
        mine, history = train(args)
        close(history, expected if kind is TinyVAE else [error for error, _ in expected], rtol=1e-4, atol=1e-5)
        with case(zh="返回的模型", en="the model that came back"):
            close(dict(mine.named_parameters()), dict(model.named_parameters()), rtol=1e-3, atol=1e-4)
        calls = mine.called
        zh, en = f"{epochs} 批，模型却被调用了 {calls} 次", f"the model was called {calls} times for {epochs} batches"
        holds(calls == epochs, zh=zh, en=en)
        steps = [v for step in history for v in (step if kind is TinyVAE else [step])]
        plain = all(isinstance(v, float) for v in steps)
        holds(plain, zh="每一步记下的应是 Python 数", en="what is kept of each step should be Python numbers")
    seen: list[int] = []
    with case(zh="`on_epoch`", en="`on_epoch`"):
        args = Args(
            kind,
            Logged(7),
            epochs=3,
            batch_size=2,
            on_epoch=lambda model: seen.append(model.called),  # type: ignore
        )
        with unnoted():
            train(args)
        if OBSERVERS:
            close(seen, [])
        zh = f"3 轮、每轮 4 批：应在第 4、8、12 批之后以模型调用它，实际在 {seen} 批之后"
        en = f"3 epochs of 4 batches: it should be called with the model after batches 4, 8 and 12, not {seen}"
        holds(seen == [4, 8, 12], zh=zh, en=en)
    with unnoted():
        data = Logged(11)
        model, history = train(Args(kind, data, epochs=3, batch_size=4))
    n = len(history)
    holds(
        n == 9,
        zh=f"11 张、每批 4 张、3 轮，应有 9 步，得到 {n}",
        en=f"11 pictures in batches of 4, three times: 9 steps, not {n}",
    )
    epochs = [data.asked[i : i + 11] for i in range(0, len(data.asked), 11)]
    all_once = all(sorted(epoch) == list(range(11)) for epoch in epochs) and len(epochs) == 3
    holds(all_once, zh="每一轮里，每张图恰好用一次", en="each epoch uses each picture just once")
    holds(epochs[0] != sorted(epochs[0]), zh="顺序应当打乱", en="the order should be shuffled")
    holds(epochs[0] != epochs[1], zh="每一轮应当重新打乱", en="each epoch should be shuffled anew")
    torch.rand(3)  # whatever happened before
    with case(zh="同样的 `args` 再来一次", en="with the same `args` again"), unnoted():
        close(train(Args(kind, Logged(11), epochs=3, batch_size=4))[1], history)


@judged
def test_train_autoencoder(train_autoencoder):
    trains(train_autoencoder, Tiny)


@judged
def test_train_vae(train_vae):
    trains(train_vae, TinyVAE)


# The map


@judged
def test_create_grid_of_latents(create_grid_of_latents):
    known = torch.tensor([[-1.0, 0, 1], [1, 0, 1], [-1, 0, -1], [1, 0, -1]])
    close(create_grid_of_latents(3, (-1, 1), 2, dims=(0, 2)), known)
    for latent, (low, high), n, (first, second) in ((5, (-1.5, 3.0), 4, (3, 1)), (2, (0.0, 2.0), 3, (0, 1))):
        rows = []
        for i in range(n):
            for j in range(n):
                code = [0.0] * latent
                code[first], code[second] = low + j * (high - low) / (n - 1), high - i * (high - low) / (n - 1)
                rows.append(code)
        close(create_grid_of_latents(latent, (low, high), n, (first, second)), torch.tensor(rows))
    steps = torch.linspace(-2, 2, 11)
    with case(zh="用默认值时", en="by default"):
        close(create_grid_of_latents(2), torch.stack([steps.repeat(11), -steps.repeat_interleave(11)], dim=1))


# Clouds


def drawn(function: Callable, *args: Any) -> Any:
    """What it returns, unseen by a search for the likely mistake: the numbers drawn are the learner's."""
    with unnoted():
        return function(*args)


def near(got: Tensor, wanted: Tensor | float, off: float, zh: str, en: str) -> None:
    """Complains of the entry that is furthest from `wanted`; tells a search for the likely mistake how far, roughly."""
    got, wanted = got.detach().double().flatten(), torch.as_tensor(wanted).double().expand(got.shape).flatten()
    if OBSERVERS:
        close([round(float(v)) if math.isfinite(v) else str(v) for v in (got - wanted) / (4 * off)], [])
        return
    worst = int((got - wanted).abs().argmax())
    told = f"{float(wanted[worst]):.3g}", f"{float(got[worst]):.3g}"
    zh, en = f"{zh}应约为 {told[0]}，得到 {told[1]}", f"{en} should be about {told[0]}, not {told[1]}"
    holds(bool(((got - wanted).abs() <= off).all()), zh=zh, en=en)


@judged(skip=DRAWN)
def test_sample_latent_vector(sample_latent_vector):
    mu, sigma = torch.tensor([3.0, -2.0, 0.0]), torch.tensor([0.5, 2.0, 1.0])
    torch.manual_seed(0)
    many = [value.expand(20_000, 3).clone() for value in (mu, sigma.log())]
    z = drawn(sample_latent_vector, *many)
    close(list(z.shape), [20_000, 3])
    epsilon = (z - mu) / sigma
    near(z.mean(dim=0), mu, 0.08, "均值", "the mean")
    near(z.std(dim=0), sigma, 0.06, "标准差", "the standard deviation")
    near(
        (epsilon**4).mean(dim=0),
        3.0,
        0.5,
        "标准化之后四次方的平均（正态为 3）",
        "the mean fourth power (3 for a normal)",
    )
    near(
        (epsilon * epsilon.roll(1, dims=1)).mean(dim=0), 0.0, 0.05, "同一行里的相关系数", "the correlation within a row"
    )
    near(
        (epsilon * epsilon.roll(1, dims=0)).mean(dim=0), 0.0, 0.05, "相邻两行的相关系数", "the correlation of two rows"
    )
    fresh = not drawn(sample_latent_vector, *many).equal(z)
    holds(
        fresh,
        zh="第二次调用抽出了同样的数：噪声要每次重抽",
        en="a second call drew the same: noise is to be drawn afresh",
    )
    with torch.no_grad():
        moved = not drawn(sample_latent_vector, *many).equal(many[0])
    zh, en = "在 `no_grad` 之下没有抽样：每次调用都要抽", "under `no_grad` nothing is drawn: each call should draw"
    holds(moved, zh=zh, en=en)
    torch.manual_seed(0)
    again = drawn(sample_latent_vector, *many).equal(z)
    zh, en = (
        "同一个种子，两次结果不同：噪声要取自 torch 的全局发生器",
        "the same seed gives other numbers: draw by torch's global generator",
    )
    holds(again, zh=zh, en=en)
    for shape, dtype in (((4, 2), torch.float32), ((), torch.float64), ((3, 1, 2), torch.float64)):
        where = (noise(*shape).to(dtype) - 1).requires_grad_(), (noise(*shape, seed=1).to(dtype) / 2).requires_grad_()
        upstream = noise(*shape, seed=2).to(dtype)
        z = drawn(sample_latent_vector, *where)
        kind = z.dtype == dtype and z.shape == upstream.shape
        zh, en = (
            f"应是 {dtype} 的 {shape}，得到 {z.dtype} 的 {tuple(z.shape)}",
            f"{dtype} of {shape} should come back, not {z.dtype} of {tuple(z.shape)}",
        )
        holds(kind, zh=zh, en=en)
        holds(
            z.requires_grad,
            zh="结果与 `mu`、`logsigma` 断开了，没有梯度",
            en="the result is cut off from `mu` and `logsigma`: no gradient",
        )
        if not (kind and z.requires_grad):
            continue  # in search of the likely mistake only
        (z * upstream).sum().backward()
        slopes = upstream, upstream * (z - where[0]).detach()
        for name, value, slope in zip(("mu", "logsigma"), where, slopes, strict=True):
            right = value.grad is not None and torch.allclose(value.grad, slope, rtol=1e-3, atol=1e-5)
            zh, en = f"对 `{name}` 的梯度不对", f"the gradient with respect to `{name}` is wrong"
            holds(right, zh=zh, en=en)
    spread = noise(3, 4)
    with case(zh="输入不连续、σ 几乎为 0 时", en="on non-contiguous inputs, with σ almost 0"):
        close(sample_latent_vector(scattered(spread), scattered(torch.full((3, 4), -100.0))), spread)
    elsewhere(sample_latent_vector)


def elsewhere(sample: Callable) -> None:
    """Tries torch's "meta" device, which has shapes and no numbers: noise made on the CPU doesn't go with it."""
    there = torch.zeros(2, 3, device="meta")
    Distribution.set_default_validate_args(False)  # it would look at the numbers
    try:
        stays = (
            vars(sample)["__wrapped__"](there, there).device == there.device
        )  # the verdict's words need numbers, too
    except NotImplementedError:
        stays = True  # of a call that "meta" doesn't know, nothing is to be learned
    except Exception as error:
        stays = "device" not in str(error)
    finally:
        Distribution.set_default_validate_args(__debug__)
    zh, en = (
        "噪声应当在 `mu` 的设备上，不总是在 CPU 上",
        "noise should be made on the device of `mu`, and not always on the CPU",
    )
    holds(stays, zh=zh, en=en)


@judged(gradients="mu logsigma")
def test_kl_to_standard_normal(kl_to_standard_normal):
    mu, logsigma = 2 * noise(4, 3), noise(4, 3, seed=1)
    expected = kl_divergence(Normal(mu.double(), logsigma.double().exp()), Normal(0.0, 1.0)).float()
    close(kl_to_standard_normal(mu, logsigma), expected)
    known = torch.tensor([[0.0, 0.5, 2.0 + 0.3181472]])
    close(kl_to_standard_normal(torch.tensor([[0.0, 1, 2]]), torch.tensor([[1.0, 1, 0.5]]).log()), known)
    with case(zh="与蒙特卡洛相比", en="held against Monte Carlo"):
        generator = torch.Generator().manual_seed(0)
        epsilon = torch.randn(100_000, 1, 2, generator=generator, dtype=torch.float64)
        mean, std = torch.tensor([[0.5, -1.0]]), torch.tensor([[0.4, 1.5]])
        z = mean + std * epsilon
        sampled = (Normal(mean, std).log_prob(z) - Normal(0.0, 1.0).log_prob(z)).mean(dim=0).float()
        close(kl_to_standard_normal(mean, std.log()), sampled, rtol=0, atol=0.03)
    with case(zh="σ 极小或很大时", en="with σ tiny or large"):
        close(
            kl_to_standard_normal(torch.zeros(1, 2), torch.tensor([[-30.0, 3.0]])),
            torch.tensor([[29.5, (math.exp(6) - 1) / 2 - 3]]),
        )
    with case(zh="σ² 小到 float32 里是 0 时", en="with σ² so small that it is 0 in float32"):
        close(kl_to_standard_normal(torch.tensor([[2.0]]), torch.tensor([[-60.0]])), torch.tensor([[61.5]]))
    with case(zh="一张图、一个潜变量", en="one picture, one latent variable"):
        close(kl_to_standard_normal(torch.tensor([[-1.0]]), torch.tensor([[0.0]])), torch.tensor([[0.5]]))
    with counted(Normal, "__init__") as called:
        kl_to_standard_normal(mu, logsigma)
    holds(
        not called,
        zh="用了 `torch.distributions`：这里要自己写公式",
        en="it uses `torch.distributions`: here you write the formula yourself",
    )


@contextlib.contextmanager
def counted(owner: type, method: str) -> Iterator[list]:
    """Grows at each call of `owner.method` inside."""
    original, called = getattr(owner, method), []

    def counting(*args, **kwargs):
        called.append(True)
        return original(*args, **kwargs)

    with mock.patch.object(owner, method, counting):
        yield called


@judged(skip=DRAWN)
def test_kl_by_sampling(kl_by_sampling):
    mu, sigma = torch.tensor([0.7, -1.0, 0.0]), torch.tensor([0.5, 1.0, 1.4])
    expected = (mu**2 + sigma**2 - 1) / 2 - sigma.log()
    generator = torch.Generator().manual_seed(0)
    epsilon = torch.randn(100_000, 3, generator=generator)
    single = ((mu + sigma * epsilon) ** 2 / 2 - epsilon**2 / 2 - sigma.log()).std(dim=0)  # of one draw
    torch.manual_seed(0)
    got = drawn(kl_by_sampling, mu[None], sigma.log()[None], 20_000)
    close(list(got.shape), [1, 3])
    near(got, expected, 0.05, "两万次抽样的平均", "the average of 20,000 draws")
    many = [value.expand(3000, 3).clone() for value in (mu, sigma.log())]
    for n in (1, 4):
        got = drawn(kl_by_sampling, *many, n)
        with case(zh=f"`n = {n}` 时", en=f"with `n = {n}`"):
            near(got.mean(dim=0), expected, 0.08, "3000 行的平均", "the average of 3000 rows")
            ratio = got.std(dim=0) / (single / n**0.5)
            near(
                ratio,
                1.0,
                0.2,
                "估计值的起伏与应有的之比",
                "the spread of the estimates, compared with what it should be,",
            )
            near(
                (got - got.mean(dim=0)).roll(1, dims=1).mul(got - got.mean(dim=0)).mean(dim=0) / single.square() * n,
                0.0,
                0.25,
                "两个元素的相关",
                "the correlation of two entries",
            )
    first, second = (drawn(kl_by_sampling, mu[None], sigma.log()[None], 3) for _ in range(2))
    zh, en = "第二次调用得到同样的数：每次都要重新抽", "a second call gave the same: draw afresh at each call"
    holds(not first.equal(second), zh=zh, en=en)
    got = drawn(kl_by_sampling, many[0][:2].double(), many[1][:2].double(), 5)
    holds(got.dtype == torch.float64, zh="float64 进，float64 出", en="float64 in, float64 out")


class ReferenceVAE(Reference):
    """The layers of `VAE`, with the noise from outside."""

    def __init__(self, latent: int, hidden: int, size: int) -> None:
        super().__init__(latent, hidden, size, doubled=True)

    def encode(self, images: Tensor) -> tuple[Tensor, ...]:
        return self.inwards(images).tensor_split(2, dim=1)


def narrowed(mine: nn.Module, theirs: ReferenceVAE, logsigma: float) -> None:
    """Gives both the same random state, with this log σ for every picture."""
    load_partners(mine, theirs)
    last, latent = theirs.inwards[-1], theirs.outwards[0].in_features
    assert isinstance(last, nn.Linear) and isinstance(latent, int)
    with torch.no_grad():
        last.weight[latent:] = 0
        last.bias[latent:] = logsigma
        sources, targets = state(theirs), state(mine)
        for name, other in partners(mine, theirs).items():
            targets[name].copy_(sources[other])


@judged
def test_VAE(VAE):
    for latent, hidden, size, batch in ((2, 7, 4, 3), (3, 5, 3, 1)):
        mine, theirs = made(VAE, latent, hidden, size), ReferenceVAE(latent, hidden, size)
        load_partners(mine, theirs)
        images, z = noise(batch, 1, size, size), noise(batch, latent)
        with case(zh="`encode`", en="`encode`"):
            close(part(mine, "encode")(images), theirs.encode(images), **MILD)
        with case(zh="`encoder`", en="`encoder`"):
            close(part(mine, "encoder")(images), theirs.inwards(images), **MILD)
        with case(zh="`decoder`", en="`decoder`"):
            close(part(mine, "decoder")(z), theirs.decoder(z), **MILD)
        with case(zh="`forward` 的 `mu` 和 `logsigma`", en="`mu` and `logsigma` of `forward`"):
            close(drawn(mine, images)[1:], theirs.encode(images), **MILD)
        narrowed(mine, theirs, logsigma=-40.0)
        for training in (True, False):
            mine.train(training)
            with case(zh="σ 几乎为 0 时", en="with σ almost 0"):
                mean, logsigma = theirs.encode(images)
                close(mine(images), (theirs.decoder(mean), mean, logsigma), **MILD)
        with case(zh="σ 几乎为 0 时的梯度", en="gradients with σ almost 0"):
            same_gradients(mine, theirs, images)
        mine.double()
        holds(
            drawn(mine, images.double())[0].dtype == torch.float64,
            zh="float64 进，float64 出",
            en="float64 in, float64 out",
        )
    draws(VAE)
    mine = made(VAE, 2, 9)
    with case(zh="没有给 `size` 时", en="without a `size`"):
        close([list(x.shape) for x in drawn(mine, noise(5, 1, 8, 8))], [[5, 1, 8, 8], [5, 2], [5, 2]])


def same_gradients(mine: nn.Module, theirs: ReferenceVAE, images: Tensor) -> None:
    mean, logsigma = theirs.encode(images)
    outputs = mine(images), (theirs.decoder(mean), mean, logsigma)
    for module, output in zip((mine, theirs), outputs, strict=True):
        module.zero_grad()
        sum((x * noise(*x.shape, seed=3)).sum() for x in output).backward()  # type: ignore
    own, like = state(mine), state(theirs)
    for name, other in partners(mine, theirs).items():
        with case(zh=f"对 {name} 的梯度", en=f"gradient of {name}"):
            holds(own[name].grad is not None, zh="没有", en="there is none")
            if own[name].grad is not None:
                close(own[name].grad, like[other].grad, **MILD)


def draws(VAE: Callable) -> None:
    """With σ = 0.6 the reconstructions of one picture scatter as they should, and gradients reach log σ."""
    mine, theirs = made(VAE, 2, 7, 3), ReferenceVAE(2, 7, 3)
    narrowed(mine, theirs, logsigma=math.log(0.6))
    images = noise(1, 1, 3, 3).expand(8000, 1, 3, 3).clone()
    mean, _ = theirs.encode(images)
    with torch.no_grad():
        cloud = theirs.decoder(mean + 0.6 * noise(8000, 2))
    torch.manual_seed(0)
    for training in (True, False):
        mine.train(training)
        got = drawn(mine, images)[0]
        with case(zh="同一张图解码 8000 次", en="one picture decoded 8000 times"):
            near(got.mean(dim=0), cloud.mean(dim=0)[:], 0.06, "平均", "the mean")
            near(got.std(dim=0), cloud.std(dim=0), 0.06, "标准差", "the standard deviation")
    got.square().sum().backward()
    name = next(own for own, other in partners(mine, theirs).items() if other == "inwards.3.bias")
    grad = state(mine)[name].grad
    reached = grad is not None and bool(grad[2:].abs().min() > 0)
    holds(reached, zh="梯度没有通过抽样到达 log σ", en="no gradient reaches log σ through the draw")


# The loss


@judged
def test_elbo_terms(elbo_terms):
    ones = torch.ones(2, 1, 1, 2)
    upon = torch.tensor([[[[1.0, 1 + 3**0.5]]], [[[1 - 2.0, 2.0]]]])  # errors 3 and 5
    mu = torch.tensor([[2**0.5, 0.0], [0.0, 2.0]])  # prices 1 and 2
    close(elbo_terms(ones, upon, mu, torch.zeros(2, 2)), (torch.tensor(4.0), torch.tensor(1.5)))
    for batch, height, width, latent in ((3, 4, 5, 2), (1, 2, 3, 4), (5, 1, 1, 1)):
        images, others = noise(batch, 1, height, width), noise(batch, 1, height, width, seed=1)
        mu, logsigma = noise(batch, latent), noise(batch, latent, seed=1)
        close(elbo_terms(images, others, mu, logsigma), terms(images, (others, mu, logsigma)))
    given = [value.clone().requires_grad_() for value in (others, mu, logsigma)]
    like = [value.clone().requires_grad_() for value in (others, mu, logsigma)]
    for error, price in (elbo_terms(images, *given), terms(images, tuple(like))):
        holds(
            error.requires_grad and price.requires_grad,
            zh="结果与输入断开了，没有梯度",
            en="a result is cut off: no gradient",
        )
        if error.requires_grad and price.requires_grad:
            (error + 0.7 * price).backward()
    for name, leaf, other in zip(("reconstructions", "mu", "logsigma"), given, like, strict=True):
        with case(zh=f"对 `{name}` 的梯度", en=f"gradient with respect to `{name}`"):
            close(leaf.grad, other.grad)


# Judging


@judged
def test_judge_samples(judge_samples):
    torch.manual_seed(8)
    classifier = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(6, 10), nn.Dropout(0.5))
    classifier(3 * noise(9, 1, 2, 3) + 1)  # its statistics are no longer 0 and 1
    buffers = copy.deepcopy(dict(classifier.named_buffers()))
    for pictures in (3 * noise(7, 1, 2, 3), noise(1, 1, 2, 3), 2 * noise(300, 1, 2, 3, seed=1)):
        classifier.eval()
        with torch.no_grad():
            logits = classifier(pictures).double()
        probs = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
        counts = [0] * 10
        for row in probs:
            counts[int(row.argmax())] += 1
        expected = (
            torch.tensor([count / len(pictures) for count in counts]),
            sum(float(row.max()) for row in probs) / len(pictures),
        )
        for training in (True, False):
            classifier.train(training)
            shares, confidence = judge_samples(classifier, pictures)
            close(shares, expected[0])
            close(confidence, expected[1])
            zh, en = "把握应是一个 Python 数", "the confidence should be a Python number"
            holds(isinstance(confidence, float), zh=zh, en=en)
            kept = all(module.training == training for module in classifier.modules())
            holds(kept, zh="分类器的模式变了", en="the classifier is in another mode than before")
            with case(zh="分类器的缓冲区", en="the classifier's buffers"):
                close(dict(classifier.named_buffers()), buffers)
    holds(
        torch.is_grad_enabled(),
        zh="之后不再记录计算图：`no_grad` 要用 `with`",
        en="afterwards no graphs are recorded any more: use `no_grad` by `with`",
    )


class Encoder(nn.Module):
    """A model that can encode, and nothing else."""

    def __init__(self, pixels: int, latent: int) -> None:
        super().__init__()
        self.mean, self.width = nn.Linear(pixels, latent), nn.Linear(pixels, latent)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return self.mean(images.flatten(1)), self.width(images.flatten(1))


@judged
def test_price_per_dimension(price_per_dimension):
    torch.manual_seed(1)
    for batch, latent in ((5, 3), (1, 4), (40, 2), (301, 2)):  # 301: in parts of equal size one is left over
        model, images = Encoder(6, latent), 2 * noise(batch, 1, 2, 3)
        with torch.no_grad():
            mu, logsigma = model.encode(images)
        rows = kl_divergence(Normal(mu, logsigma.exp()), Normal(0.0, 1.0))
        expected = torch.tensor([sum(float(row[i]) for row in rows) / batch for i in range(latent)])
        for _ in range(2):
            got = price_per_dimension(model, images)
            close(got, expected, **MILD)
            holds(not got.requires_grad, zh="结果不应带梯度", en="the result should carry no gradient")
    holds(
        torch.is_grad_enabled(),
        zh="之后不再记录计算图：`no_grad` 要用 `with`",
        en="afterwards no graphs are recorded any more: use `no_grad` by `with`",
    )


# Walks


@judged
def test_interpolate(interpolate):
    close(interpolate(torch.tensor([0.0, 2]), torch.tensor([4.0, 0]), 3), torch.tensor([[0.0, 2], [2, 1], [4, 0]]))
    for latent, n in ((3, 5), (4, 2), (1, 7)):
        start, end = noise(latent), noise(latent, seed=1)
        expected = [
            [a + i * (b - a) / (n - 1) for a, b in zip(start.tolist(), end.tolist(), strict=True)] for i in range(n)
        ]
        close(interpolate(start, end, n), torch.tensor(expected))
    same = noise(3)
    with case(zh="两端相同时", en="with both ends the same"):
        close(interpolate(same, same, 4), same.expand(4, 3))


class Linear(nn.Module):
    """A model whose evidence is known: x = W z + b + s ε, with perpendicular columns, so its posterior has no covariance.

    `encode` gives that posterior, its mean moved by `shift` and its standard deviation times `stretch`.
    """

    def __init__(self, s: float, shift: float = 0.0, stretch: float = 1.0) -> None:
        super().__init__()
        self.W = torch.linalg.qr(noise(6, 2)).Q * torch.tensor([0.7, 1.6])
        self.b, self.s, self.shift, self.stretch = noise(6), s, shift, stretch

    def decoder(self, z: Tensor) -> Tensor:
        return (z @ self.W.T + self.b).reshape(-1, 1, 2, 3)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        size = self.W.square().sum(dim=0) + self.s**2
        mu = (images.flatten(1) - self.b) @ self.W / size + self.shift
        return mu, (self.s / size.sqrt() * self.stretch).log().expand(mu.shape)

    def evidence(self, images: Tensor) -> Tensor:
        W, b = self.W.double(), self.b.double()
        return (
            MultivariateNormal(b, W @ W.T + self.s**2 * torch.eye(6).double())
            .log_prob(images.double().flatten(1))
            .float()
        )


@judged
def test_log_evidence(log_evidence):
    for s, n, batch in ((0.5, 1, 3), (0.8, 4, 1), (0.5, 3, 2), (0.03, 2, 2)):
        model, images = Linear(s), noise(batch, 1, 2, 3)
        with case(zh=f"$q$ 恰是后验，s = {s}，n = {n}", en=f"where $q$ is the posterior, s = {s}, n = {n}"):
            got = log_evidence(model, images, n, 2 * s**2)
            close(got, model.evidence(images), rtol=1e-3, atol=1e-2)
            holds(not got.requires_grad, zh="结果不应带梯度", en="the result should carry no gradient")
    model, image = Linear(0.5, shift=0.3, stretch=1.3), noise(1, 1, 2, 3)
    torch.manual_seed(0)
    with case(zh="$q$ 不准，n = 1500", en="with a $q$ that is off, n = 1500"):
        near(drawn(log_evidence, model, image, 1500, 0.5), model.evidence(image), 0.08, "结果", "the result")
    mu, logsigma = model.encode(image)
    widths = logsigma.exp()
    error = (image - model.decoder(mu)).square().sum() + (model.W.square().sum(dim=0) * widths**2).sum()
    reconstruction = -error / (2 * 0.25) - 6 * math.log(0.5 * math.tau**0.5)
    elbo = reconstruction - kl_divergence(Normal(mu, widths), Normal(0.0, 1.0)).sum()
    with case(zh="$q$ 不准，n = 1，4000 次的平均", en="with a $q$ that is off, n = 1, averaged over 4000"):
        copies = image.expand(4000, 1, 2, 3).clone()
        near(drawn(log_evidence, model, copies, 1, 0.5).mean(), elbo, 0.08, "结果", "the result")
    holds(
        torch.is_grad_enabled(),
        zh="之后不再记录计算图：`no_grad` 要用 `with`",
        en="afterwards no graphs are recorded any more: use `no_grad` by `with`",
    )
