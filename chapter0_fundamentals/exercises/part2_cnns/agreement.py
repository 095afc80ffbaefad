"""How a module is held against its namesake in `torch.nn`: what the tests of both lessons share."""

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from coach import case, close, holds, say, without
from coach.judging.compare import AWAITED, OBSERVERS

MILD = {"rtol": 1e-3, "atol": 1e-4}  # where float32 sums are long


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Normal random numbers, the same each time: what a module draws before doesn't change the inputs of a test."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(100 * seed + len(shape)))


@contextlib.contextmanager
def unnoted() -> Iterator[None]:
    """A search for the likely mistake isn't told of what is made and called here: layers' names are the learner's."""
    if not OBSERVERS:
        yield
        return
    OBSERVERS.append(lambda kind, value: None)
    try:
        yield
    finally:
        OBSERVERS.pop()


def fails_by(error: type[Exception], function: Callable, *args: Any) -> None:
    """Tells a search for the likely mistake whether it is that error: the words of errors differ."""
    if not OBSERVERS:
        return
    AWAITED.append(True)
    try:
        with unnoted():
            function(*args)
    except error:
        close(error.__name__, error.__name__)
    except Exception as raised:
        close(type(raised).__name__, error.__name__)
    else:
        close("", error.__name__)
    finally:
        AWAITED.pop()


def made(make: Callable[..., nn.Module], *args: Any, **kwargs: Any) -> nn.Module:
    """`make(*args, **kwargs)`, a network whose layers may have any names."""
    with unnoted():
        return make(*args, **kwargs)


def randomise(module: nn.Module) -> None:
    """New values for all parameters and buffers; variances stay positive."""
    chance = torch.Generator().manual_seed(1)
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        with torch.no_grad():
            if not value.is_floating_point():
                value.fill_(3)
            elif "var" in name:
                value.uniform_(0.5, 2, generator=chance)
            elif value.ndim > 1:
                value.normal_(std=1 / math.sqrt(value[0].numel()), generator=chance)
            else:
                value.normal_(0.4, 0.5, generator=chance)


def scattered(x: Tensor) -> Tensor:
    """The same values in another order in memory, with gaps between them."""
    first = x.transpose(0, -1) if x.ndim else x
    gaps = torch.stack([first, first], dim=-1)[..., 0]
    return gaps.transpose(0, -1) if x.ndim else gaps


def state(module: nn.Module) -> dict[str, Tensor]:
    """All parameters and buffers, by name."""
    return dict(module.named_parameters()) | dict(module.named_buffers())


def same_names(mine: nn.Module, theirs: nn.Module) -> None:
    for kind, en, zh in (("parameters", "parameter", "参数"), ("buffers", "buffer", "buffer")):
        got, expected = (
            {name: tuple(value.shape) for name, value in getattr(module, f"named_{kind}")()}
            for module in (mine, theirs)
        )
        if OBSERVERS:  # which of the names are the learner's own, but not which those are
            own = [name for name in got if name not in expected and not name[0].isdigit()]
            got = {f"{own.index(x)}{'.' * x.count('.')}" if x in own else x: shape for x, shape in got.items()}
        close({say(zh=f"{zh} 的形状", en=f"{en} shapes"): got}, {say(zh=f"{zh} 的形状", en=f"{en} shapes"): expected})


def layers(module: nn.Module) -> list[tuple[str, dict[str, Tensor]]]:
    """The modules that hold parameters or buffers of their own, in the order of registration, each with those."""
    found = [(path, dict(m.named_parameters("", False)) | dict(m._buffers)) for path, m in module.named_modules()]
    return [(path, own) for path, own in found if own]  # type: ignore


def partners(mine: nn.Module, theirs: nn.Module) -> dict[str, str]:
    """For each parameter and buffer of `mine` the name of its like in `theirs`.

    By name, where the names are the same; else layer by layer, and by name within a layer.
    """
    if set(state(mine)) == set(state(theirs)):
        return {name: name for name in state(theirs)}
    pairs: dict[str, str] = {}
    places = list(state(theirs))
    for i, (own, like) in enumerate(itertools.zip_longest(layers(mine), layers(theirs))):
        got, expected = (
            {name: tuple(value.shape) for name, value in layer[1].items()} if layer else {} for layer in (own, like)
        )
        if got != expected:
            place = f"`{own[0]}`: " if own else ""
            zh = f"按登记的顺序，第 {i + 1} 个带参数的层应当有 {told(expected)}，得到 {place}{told(got)}"
            en = f"in the order of registration, layer {i + 1} of those with parameters should have {told(expected)}, not {place}{told(got)}"
            holds(False, zh=zh, en=en)
        pairs |= {f"{own[0]}.{name}".strip("."): f"{like[0]}.{name}".strip(".") for name in expected}
    return dict(sorted(pairs.items(), key=lambda pair: places.index(pair[1])))


def told(shapes: dict[str, tuple[int, ...]]) -> str:
    shown = [f"{name} {shape}" for name, shape in sorted(shapes.items()) if shape]
    return ", ".join(shown) or say(zh="什么也没有", en="nothing")


def shapes(module: nn.Module) -> list[dict[str, tuple[int, ...]]]:
    """What the layers hold, without their own names."""
    return [{name: tuple(value.shape) for name, value in sorted(own.items())} for _, own in layers(module)]


def load_partners(mine: nn.Module, theirs: nn.Module) -> None:
    """Gives `mine` the randomised state of `theirs`; the names of its layers are the learner's."""
    randomise(mine)
    randomise(theirs)
    if OBSERVERS:
        close(shapes(mine), shapes(theirs))
    sources, targets = state(theirs), state(mine)
    for name, other in partners(mine, theirs).items():
        with torch.no_grad():
            targets[name].copy_(sources[other])


def agree(mine: nn.Module, theirs: nn.Module, x: Tensor, **tolerance: Any) -> None:
    """One forward and one backward, with a random upstream gradient, of both: outputs, gradients and buffers."""
    leaf, other = x.clone(), x.clone()
    if x.is_floating_point():
        leaf.requires_grad_()
        other.requires_grad_()
    expected = theirs(other * 1)
    upstream = noise(*expected.shape, seed=1).to(expected)
    expected.backward(upstream)
    given = scattered(leaf * 1)
    before = given.detach().clone()
    with unnoted():
        got = mine(given)
    unchanged = given.detach().allclose(before, rtol=0, atol=0, equal_nan=True)
    holds(unchanged, zh="调用改动了输入", en="the call changed its input")
    close(got, expected, equal_nan=True, **tolerance)
    holds(got.requires_grad, zh="结果不再与参数相连，没有梯度", en="the result is cut off: it has no gradient")
    if got.shape != upstream.shape:
        return  # in search of the likely mistake only
    got.backward(upstream)
    if x.is_floating_point():
        with case(zh="对输入的梯度", en="gradient of the input"):
            close(gradient(leaf, "x"), other.grad, equal_nan=True, **tolerance)
    own, like = state(mine), state(theirs)
    for name, known in partners(mine, theirs).items():
        if isinstance(like[known], nn.Parameter):
            with case(zh=f"对 {name} 的梯度", en=f"gradient of {name}"):
                close(gradient(own[name], name), like[known].grad, **tolerance)
        else:
            with case(zh=name, en=name):
                close(own[name], like[known], **tolerance)


def near(mine: nn.Module, theirs: nn.Module, x: Tensor, atol: float) -> None:
    """The same output up to `atol`, and no closer: where rounding is large, what it makes says nothing of a mistake."""
    with unnoted():
        got, expected = mine(x), theirs(x)
    if OBSERVERS:
        holds(got.shape == expected.shape and bool((got - expected).abs().max() <= atol), zh="", en="")
    else:
        close(got, expected, rtol=0, atol=atol)


def gradient(value: Tensor, name: str) -> Tensor:
    holds(value.grad is not None, zh=f"没有梯度到达 `{name}`", en=f"no gradient reaches `{name}`")
    assert value.grad is not None
    return value.grad


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
    with case(zh="输入为 float64 时", en="on float64"):
        agree(mine, theirs, x.double() if x.is_floating_point() else x)


def namesakes(mine: nn.Module, theirs: nn.Module, *inputs: Tensor, **tolerance: Any) -> None:
    """Same names, and the same behaviour once both have the same random state."""
    same_names(mine, theirs)
    randomise(theirs)
    mine.load_state_dict(theirs.state_dict())
    always_agree(mine, theirs, *inputs, **tolerance)


def self_made(mine: nn.Module, namesake: type[nn.Module], x: Tensor | None = None, function: str = "") -> None:
    """Neither a subclass of its namesake, nor a call of the function of that name."""
    name = f"nn.{namesake.__name__}"
    zh, en = f"它继承了 `{name}`：这里要自己写", f"it inherits from `{name}`: here you write that yourself"
    holds(not isinstance(mine, namesake), zh=zh, en=en)
    if x is not None:
        with unnoted():
            without({function, f"native_{function}"}, mine, x)


def same_start(make: Callable[[], nn.Module], theirs: nn.Module) -> None:
    """Parameters are drawn from the same distribution, each entry on its own, by torch's own generator."""
    mine = made(make)
    for name, q in theirs.named_parameters():
        p, q = dict(mine.named_parameters())[name].detach(), q.detach()
        if not (spread := float(q.std())):
            close({name: p}, {name: q})
            continue
        for zh, en, got, wanted, off in (
            ("均值", "mean", float(p.mean()), 0, 0.05),
            ("标准差", "standard deviation", float(p.std()), spread, 0.04),
        ):
            zh = f"{name} 的初始值的{zh}应约为 {wanted:.2g}，得到 {got:.2g}"
            en = f"at first {name} should have a {en} of about {wanted:.2g}, not {got:.2g}"
            holds(abs(got - wanted) <= off * spread, zh=zh, en=en)
        if OBSERVERS:  # how much too large or too small
            close(round(2 * math.log2(max(float(p.std()), 1e-9) / spread)), 0)
        ratio = float(((p / p.std()) ** 4).mean() / ((q / q.std()) ** 4).mean())
        zh, en = f"{name} 的初始值分布的形状不对", f"the first values of {name} have another kind of distribution"
        holds(0.85 < ratio < 1.15, zh=zh, en=en)
        flat = p.flatten(1) if p.ndim > 1 else p[:, None]
        for axis in range(p.ndim > 1, -1, -1):
            var = flat.var(dim=axis) / spread**2
            alone = float(var.mean()) > 0.8 and float(var.min()) > 0.1
            zh, en = f"{name} 的每个元素应当各自抽取", f"each entry of {name} is to be drawn on its own"
            holds(alone, zh=zh, en=en)
    drawn = [name for name, q in theirs.named_parameters() if bool(q.detach().std())]
    if not drawn:
        return
    for a, b in itertools.combinations(drawn, 2):  # few numbers of two draws are equal, whatever their signs
        few, many = sorted((dict(mine.named_parameters())[name].detach().abs() for name in (a, b)), key=Tensor.numel)
        zh, en = f"{b} 的数是从 {a} 抄来的：各自抽取", f"{b} repeats numbers of {a}: draw each on its own"
        holds(float(torch.isin(few, many).float().mean()) < 0.5, zh=zh, en=en)
    first, second = made(make), made(make)
    zh, en = "每造一个都应当重新抽取", "each one made should be drawn anew"
    for name, p in first.named_parameters():
        holds(not p.equal(dict(second.named_parameters())[name]), zh=zh, en=en)
    torch.manual_seed(11)
    first = made(make)
    torch.manual_seed(11)
    zh = "种子相同，初始值却不同：随机数要取自 torch 的全局发生器"
    en = "the same seed gives other values: draw them from torch's global generator"
    again = all(p.equal(q) for p, q in zip(first.parameters(), made(make).parameters(), strict=True))
    holds(again, zh=zh, en=en)


def sklearn_digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    return digits.images, digits.target


def digit_sets() -> tuple[TensorDataset, TensorDataset]:
    pixels, target = sklearn_digits()
    x, y = torch.tensor(pixels).float()[:, None] / 16, torch.tensor(target).long()
    test = torch.arange(len(y)) % 5 == 0
    return TensorDataset(x[~test], y[~test]), TensorDataset(x[test], y[test])
