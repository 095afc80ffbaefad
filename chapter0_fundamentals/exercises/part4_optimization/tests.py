"""One test per exercise of day 4's first lesson; each is called from its cell, and collected by pytest.

Every optimiser is held against its namesake in `torch.optim`, step by step, over every combination of its settings.
"""

import functools
import io
import itertools
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from part2_cnns.agreement import fails_by, unnoted
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from coach import case, close, holds, judged, raises, say
from coach.judging.compare import OBSERVERS

EXACT: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-11}  # in float64
STEPS, FEW = 50, 7  # FEW while the likely mistake is looked for


# How an optimiser is held against torch's


def parameters(dtype: torch.dtype) -> list[Tensor]:
    """Five parameters: one isn't contiguous, one is a single number."""
    chance = torch.Generator().manual_seed(0)
    shapes = (4, 3), (5,), (), (2, 1, 3), (6,)
    made = [torch.randn(shape, generator=chance, dtype=torch.float64).to(dtype) for shape in shapes]
    return [(p.T if p.ndim == 2 else p).detach().requires_grad_() for p in made]


def gradients(step: int, dtype: torch.dtype) -> list[Tensor | None]:
    """Of different sizes: always there; missing every fourth time; missing at first; sometimes all 0; never there."""
    chance = torch.Generator().manual_seed(1 + step)
    shapes, sizes = ((3, 4), (5,), (), (2, 1, 3)), (1.0, 20.0, 0.01, 0.5)
    made: list[Tensor | None] = [
        (size * torch.randn(shape, generator=chance, dtype=torch.float64)).to(dtype)
        for shape, size in zip(shapes, sizes, strict=True)
    ]
    if step % 4 == 1:
        made[1] = None
    if step < 3:
        made[2] = None
    if step % 5 == 2:
        made[3] = torch.zeros((2, 1, 3), dtype=dtype)
    return [*made, None]


def give(params: list[Tensor], grads: list[Tensor | None], refill: bool = False) -> None:
    """Each parameter gets its gradient; with `refill` in the tensor that held the last one, where there is one."""
    for p, grad in zip(params, grads, strict=True):
        if refill and grad is not None and p.grad is not None:
            p.grad.copy_(grad)
        else:
            p.grad = None if grad is None else grad.clone()


def copies(params: list[Tensor]) -> list[Tensor]:
    return [p.detach().clone().requires_grad_() for p in params]


def told(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in options.items())


def compare(mine: list[Tensor], theirs: list[Tensor], what: str, step: int) -> None:
    """After a step; a quick look first, since there are thousands of them."""
    tolerance: dict[str, Any] = EXACT if mine[0].dtype == torch.float64 else {"rtol": 1e-4, "atol": 3e-5}
    got, expected = [p.detach() for p in mine], [p.detach() for p in theirs]
    if not OBSERVERS and all(torch.allclose(a, b, **tolerance) for a, b in zip(got, expected, strict=True)):
        return
    kind = str(mine[0].dtype).removeprefix("torch.")
    zh = "，".join(filter(None, (what, kind, f"第 {step + 1} 步之后，各参数")))
    en = ", ".join(filter(None, (what, kind, f"the parameters after step {step + 1}")))
    with case(zh=zh, en=en):
        if OBSERVERS and mine[0].dtype == torch.float64:  # digits that are lost tell mistakes apart
            exact = all(torch.allclose(a, b, **tolerance) for a, b in zip(got, expected, strict=True))
            holds(exact, zh="", en="")
        close(got, expected, **tolerance)


def stays(params: list[Tensor], places: list[int], kept: list[Tensor | None]) -> None:
    """The parameters are where they were, and leaves; their gradients hold what they held."""
    zh, en = "参数应当就地改变，它的内存却换了", "a parameter should change in place, but its memory is another"
    holds([p.data_ptr() for p in params] == places, zh=zh, en=en)
    zh, en = (
        "参数不再是要求梯度的叶子：更新不该进计算图",
        "a parameter is no leaf any more: keep the step out of the graph",
    )
    holds(all(p.is_leaf and p.requires_grad and p.grad_fn is None for p in params), zh=zh, en=en)
    zh, en = "`step` 改动了梯度 `p.grad`", "`step` changed the gradient `p.grad`"
    now = [p.grad for p in params]
    same = all(
        (a is None) == (b is None) and (a is None or b is None or a.equal(b)) for a, b in zip(now, kept, strict=True)
    )
    holds(same, zh=zh, en=en)


def walk(
    make: Callable[..., Any],
    namesake: Callable[..., Any],
    options: dict[str, Any],
    dtype: torch.dtype,
    changes: Mapping[int, dict[str, Any]] | None = None,
    steps: int = STEPS,
) -> None:
    """Both optimisers through the same gradients, compared after each step; `changes` sets settings before a step."""
    mine = parameters(dtype)
    theirs = copies(mine)
    places = [p.data_ptr() for p in mine]
    optimizer, other = make((p for p in mine), **options), namesake(theirs, **options)
    for step in range(min(steps, FEW) if OBSERVERS else steps):
        grads = gradients(step, dtype)
        refill = dtype == torch.float32
        give(mine, grads, refill)
        give(theirs, grads, refill)
        for group in (*optimizer.param_groups, *other.param_groups):
            group.update((changes or {}).get(step, {}))
        optimizer.step()
        other.step()
        compare(
            mine, theirs, told(options) + (say(zh="，途中改设置", en=", settings changed") if changes else ""), step
        )
        stays(mine, places, grads)


def resumes(make: Callable[..., Any], namesake: Callable[..., Any], options: dict[str, Any]) -> None:
    """Saved to a file and loaded by a new optimiser: the next steps are torch's, which never stopped."""
    mine = parameters(torch.float64)
    theirs = copies(mine)
    optimizer, other = make(mine, **options), namesake(theirs, **options)
    for step in range(9):
        if step == 5:
            file = io.BytesIO()
            torch.save(optimizer.state_dict(), file)
            file.seek(0)
            mine = copies(mine)
            optimizer = make(iter(mine), **options | {"lr": 0.7})
            optimizer.load_state_dict(torch.load(file, weights_only=True))
        for params in (mine, theirs):
            give(params, gradients(step, torch.float64))
        optimizer.step()
        other.step()
        with case(zh="存盘、读回之后", en="saved and loaded again"):
            compare(mine, theirs, told(options), step)


def manners(make: Callable[..., Any], options: dict[str, Any]) -> None:
    """What holds of each optimiser besides its steps."""
    params = parameters(torch.float32)
    optimizer, before = make(params, **options), copies(params)
    optimizer.step()
    with case(zh="还没有任何梯度时", en="while there are no gradients"):
        compare(params, before, told(options), 0)
    give(params, gradients(0, torch.float32))
    optimizer.zero_grad()
    zh, en = "`zero_grad` 之后，`.grad` 应当是 `None`", "after `zero_grad` each `.grad` should be `None`"
    holds(all(p.grad is None for p in params), zh=zh, en=en)
    holds(torch.is_grad_enabled(), zh="之后不再记录计算图", en="afterwards graphs are no longer recorded")
    for empty in ([], iter(())):
        with case(zh="没有参数", en="without parameters"):
            refused(functools.partial(make, **options), empty)
    with by_itself():
        optimizer = make(params, **options)
        give(params, gradients(0, torch.float32))
        optimizer.step()


def refused(make: Callable[..., Any], params: Any) -> None:
    """Holds that no optimiser is made of `params`; of one that is made a search for the mistake sees nothing."""

    def attempt() -> None:
        with unnoted():
            make(params)

    fails_by(ValueError, make, params)
    raises(ValueError, attempt)


@contextmanager
def by_itself() -> Iterator[None]:
    """Meanwhile no optimiser of torch's is made."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        zh, en = (
            f"用了 `torch.optim.{name}`：这里要自己写",
            f"it uses `torch.optim.{name}`: here you write that yourself",
        )
        holds(False, zh=zh, en=en)

    with mock.patch.object(torch.optim.Optimizer, "__init__", refuse):
        yield


def combinations(**values: tuple) -> list[dict[str, Any]]:
    return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]


def equals(
    make: Callable[..., Any],
    namesake: Callable[..., Any],
    cases: list[dict[str, Any]],
    defaults: dict[str, Any],
) -> None:
    """Step by step, for each of the settings in both dtypes; then all the rest. `defaults` are the least to be given."""
    rest: list[Callable[[], None]] = [functools.partial(manners, make, cases[-1])]
    changes = {2: {"lr": 0.3}, 4: {"lr": 0.02, "weight_decay": 0.2}, 6: {"weight_decay": 0.0}}
    for options in (cases[0], cases[-1]):
        rest.append(functools.partial(walk, make, namesake, options, torch.float64, changes, steps=9))
        rest.append(functools.partial(resumes, make, namesake, options))
    steps = [functools.partial(walk, make, namesake, options, torch.float32) for options in cases]
    for least in (defaults, defaults | {"lr": 0.5}):
        steps.append(functools.partial(walk, make, namesake, least, torch.float32, steps=3))
    exact = [functools.partial(walk, make, namesake, options, torch.float64) for options in cases]
    # in search of the likely mistake the rest comes first: it is short, and tells many apart
    for part in (*rest, *steps) if OBSERVERS else (*steps, *rest, *exact):
        part()


# A valley


def slope(x: float, y: float) -> tuple[float, float]:
    """Of `bent` below, by hand."""
    return 2 * x + y + 0.3 * math.cos(x), x + 6 * y - 1


def bent(x: Tensor, y: Tensor) -> Tensor:
    return x.square() + x * y + 3 * y.square() - y + 0.3 * x.sin()


def by_hand(start: tuple[float, float], lr: float, momentum: float, n_iters: int) -> list[list[float]]:
    place, velocity, path = list(start), [0.0, 0.0], []
    for _ in range(n_iters):
        path.append(list(place))
        velocity = [momentum * v + g for v, g in zip(velocity, slope(*place), strict=True)]
        place = [p - lr * v for p, v in zip(place, velocity, strict=True)]
    return path


def walks(walker: Callable[..., Tensor], lr: float, momentum: float) -> None:
    """`walker(xy, n_iters)` goes the way that is worked out by hand, whatever kind of tensor `xy` is."""
    start = (2.5, -1.5)
    for dtype in (torch.float32, torch.float64):
        for n_iters in (5, 1, 0, 40):
            tolerance: dict[str, Any] = EXACT if dtype == torch.float64 else {"rtol": 1e-4, "atol": 1e-5}
            expected = torch.tensor(by_hand(start, lr, momentum, n_iters), dtype=dtype).reshape(n_iters, 2)
            for wants in (False, True):
                xy = torch.tensor(start, dtype=dtype, requires_grad=wants)
                if wants:
                    xy.grad = torch.tensor([7.0, -7.0], dtype=dtype)
                got = walker(xy, n_iters)
                close(got, expected, **tolerance)
                holds(not got.requires_grad, zh="结果不该带着计算图", en="the result should have no graph")
                holds(
                    xy.requires_grad == wants, zh="`xy` 的 `requires_grad` 变了", en="`requires_grad` of `xy` changed"
                )
                kept = not wants or (xy.grad is not None and xy.grad.tolist() == [7, -7])
                holds(kept, zh="`xy.grad` 被改动了", en="`xy.grad` has changed")


@judged
def test_opt_fn_with_sgd(opt_fn_with_sgd):
    for lr, momentum in ((0.11, 0.6), (0.05, 0.0)):
        walks(lambda xy, n, lr=lr, m=momentum: opt_fn_with_sgd(bent, xy, lr, m, n), lr, momentum)
    xy = torch.tensor([2.5, -1.5])
    got = opt_fn_with_sgd(bent, xy, lr=0.01)
    with case(zh="默认的 `momentum` 和 `n_iters`", en="the defaults of `momentum` and `n_iters`"):
        close(got, torch.tensor(by_hand((2.5, -1.5), 0.01, 0.0, 100)))


class Recorder:
    """An optimiser that isn't torch's: it wants a list and keywords, and follows the sign of the slope."""

    def __init__(self, params: list[Tensor], *, size: float, shrink: float = 1.0) -> None:
        holds(isinstance(params, list), zh="参数要放在列表里交给优化器", en="hand the parameters over in a list")
        self.params, self.size, self.shrink = params, size, shrink

    def zero_grad(self) -> None:
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for p in self.params:
            assert p.grad is not None
            p -= self.size * p.grad.sign()
        self.size *= self.shrink


@judged
def test_opt_fn(opt_fn):
    settings = {"lr": 0.11, "momentum": 0.6}
    walks(lambda xy, n: opt_fn(bent, xy, torch.optim.SGD, dict(settings), n), 0.11, 0.6)
    with case(zh="字典的顺序不同", en="the dictionary in another order"):
        other = dict(reversed(settings.items()))
        walks(lambda xy, n: opt_fn(bent, xy, torch.optim.SGD, dict(other), n), 0.11, 0.6)
    start = torch.tensor([2.5, -1.5])
    with case(zh="别的优化器", en="another optimiser"):
        got = opt_fn(bent, start, Recorder, {"size": 0.5, "shrink": 0.5}, n_iters=4)
        place, size, path = [2.5, -1.5], 0.5, []
        for _ in range(4):
            path.append(list(place))
            place = [p - math.copysign(size, g) for p, g in zip(place, slope(*place), strict=True)]
            size /= 2
        close(got, torch.tensor(path))
    with case(zh="默认的 `n_iters`", en="the default of `n_iters`"):
        close(opt_fn(bent, start, torch.optim.SGD, {"lr": 0.01}), torch.tensor(by_hand((2.5, -1.5), 0.01, 0.0, 100)))


def symmetric(*curvatures: float, seed: int = 0) -> Tensor:
    """A symmetric matrix with these eigenvalues, in float64."""
    chance = torch.Generator().manual_seed(seed)
    size = len(curvatures)
    directions, _ = torch.linalg.qr(torch.randn(size, size, generator=chance, dtype=torch.float64))
    A = directions @ torch.diag(torch.tensor(curvatures, dtype=torch.float64)) @ directions.T
    return (A + A.T) / 2


@judged
def test_quadratic_after(quadratic_after):
    A, start = torch.tensor([[5.5, -4.5], [-4.5, 5.5]]), torch.tensor([2.0, 0.0])
    close(quadratic_after(A, start, 0.1, 1), torch.tensor([0.9, 0.9]))  # by hand
    for curvatures in ((3.0, 0.5, 1.0), (2.0, -0.4, 0.0, 6.0), (1.7,)):
        A, chance = symmetric(*curvatures), torch.Generator().manual_seed(3)
        start = torch.randn(len(A), generator=chance, dtype=torch.float64)
        for lr, n_iters in ((0.13, 1), (0.3, 7), (0.13, 7), (0.3, 30), (0.3, 0)):
            place = start
            for _ in range(n_iters):
                place = place - lr * A @ place
            close(quadratic_after(A.float(), start.float(), lr, n_iters), place.float(), rtol=1e-3, atol=1e-4)
            got = quadratic_after(A, start, lr, n_iters)
            if OBSERVERS:  # digits that are lost tell mistakes apart
                holds(
                    got.shape == place.shape and torch.allclose(got.double(), place, rtol=1e-8, atol=1e-9), zh="", en=""
                )
            close(got, place, rtol=1e-8, atol=1e-9)
    A, start = symmetric(3.0, 0.001, 1.0), torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    with case(zh="一百万步", en="a million steps"):
        n_iters, most = (20_000, 0.02) if OBSERVERS else (10**6, 1.0)  # fewer while the likely mistake is looked for
        began = time.process_time()
        got = quadratic_after(A, start, 0.001, n_iters)
        took = time.process_time() - began
        step = torch.eye(3, dtype=torch.float64) - 0.001 * A
        close(got, torch.linalg.matrix_power(step, n_iters) @ start, rtol=1e-6)
        zh, en = f"用了 {took:.1f} 秒：不要一步步走", f"it took {took:.1f} seconds: don't walk the steps"
        holds(took < most, zh=zh, en=en)


def measured(lr: float, momentum: float, kappa: float, steps: int) -> float:
    """What a step of torch's SGD leaves of the distance, in a valley with curvatures 1, and up to `kappa`."""
    curvatures = torch.tensor([1.0, math.sqrt(kappa), kappa], dtype=torch.float64)
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    optimizer, distance = torch.optim.SGD([x], lr=lr, momentum=momentum), []
    for _ in range(steps):
        distance.append(float(x.detach().norm()))
        x.grad = curvatures * x.detach()
        optimizer.step()
    half = steps // 2
    return (distance[-1] / distance[half]) ** (1 / (steps - 1 - half))


@judged
def test_best_lr(best_lr):
    close(best_lr(1, 10), (2 / 11, 9 / 11))  # by hand
    for smallest, largest, lr, rate in ((2.0, 6.0, 0.25, 0.5), (0.5, 0.5, 2.0, 0.0), (1, 100, 2 / 101, 99 / 101)):
        close(best_lr(smallest, largest), (lr, rate))
    for smallest, largest in ((0.3, 4.1), (5.0, 5.5), (0.01, 7.0)):
        lr, rate = best_lr(smallest, largest)
        tried = [i / 20000 * 2 / largest for i in range(1, 20000)]  # every rate below the cliff
        left = [max(abs(1 - x * smallest), abs(1 - x * largest)) for x in tried]
        close(rate, min(left), rtol=0, atol=1e-3)
        close(lr, tried[left.index(min(left))], rtol=2e-3)
    with case(zh="量出来的收敛率", en="the rate that is measured"):
        lr, rate = best_lr(1, 100)
        close(rate, measured(lr, 0.0, 100, 1000), rtol=0, atol=1e-4)


@judged
def test_momentum_rate(momentum_rate):
    for kappa, rate in ((100, 9 / 11), (1, 0.0), (4, 1 / 3), (9.0, 0.5), (2.25, 0.2), (10_000, 99 / 101)):
        close(momentum_rate(kappa), rate)  # by hand
    with case(zh="量出来的收敛率", en="the rate that is measured"):
        for kappa in (30.0, 100.0):
            rate = float(momentum_rate(kappa))
            close(rate, measured((1 + rate) ** 2 / kappa, rate**2, kappa, 1000), rtol=0, atol=3e-3)


# Optimisers


@judged
def test_SGD(SGD):
    cases = combinations(lr=(0.1, 0.03), momentum=(0.0, 0.5, 0.9), weight_decay=(0.0, 0.1))
    equals(SGD, torch.optim.SGD, [cases[3], *cases], {"lr": 0.2})
    walk(SGD, torch.optim.SGD, {"lr": 0.1}, torch.float32, {3: {"momentum": 0.8}, 5: {"momentum": 0.3}}, steps=8)


@judged
def test_Nesterov(Nesterov):
    def namesake(params: Any, **options: Any) -> Any:
        return torch.optim.SGD(params, nesterov=True, **options)

    cases = combinations(lr=(0.1, 0.03), momentum=(0.5, 0.9), weight_decay=(0.1, 0.0))
    equals(Nesterov, namesake, cases, {"lr": 0.2, "momentum": 0.7})


@judged
def test_RMSprop(RMSprop):
    cases = combinations(lr=(0.1,), alpha=(0.9, 0.99), eps=(1e-2, 1e-8), weight_decay=(0.1, 0.0), momentum=(0.9, 0.0))
    equals(RMSprop, torch.optim.RMSprop, cases, {})


ADAMS = combinations(lr=(0.1,), betas=((0.8, 0.95), (0.9, 0.999)), eps=(1e-2, 1e-8), weight_decay=(0.1, 0.0))
ADAMS += [{"lr": 0.03, "betas": (0.0, 0.9), "eps": 1e-3, "weight_decay": 0.3}]


@judged
def test_Adam(Adam):
    equals(Adam, torch.optim.Adam, ADAMS, {})


@judged
def test_AdamW(AdamW):
    equals(AdamW, torch.optim.AdamW, ADAMS, {})


def grouped(mine: list[Tensor], theirs: list[Tensor]) -> list[tuple[str, Callable[[], Any], list[dict[str, Any]]]]:
    """Ways to hand five parameters over, each with what torch gets."""

    def groups(params: list[Tensor], lazy: bool) -> list[dict[str, Any]]:
        def listed(*some: int) -> Any:
            return (params[i] for i in some) if lazy else [params[i] for i in some]

        return [
            {"params": listed(0, 3), "lr": 0.02, "name": "first"},
            {"params": params[1], "momentum": 0.5},
            {"params": listed(2, 4), "weight_decay": 0.3, "momentum": 0.0},
        ]

    plain = groups(theirs, False)
    return [
        (say(zh="一列字典", en="a list of dictionaries"), lambda: groups(mine, False), plain),
        (say(zh="都是生成器", en="generators throughout"), lambda: iter(groups(mine, True)), plain),
        (say(zh="一列张量", en="a list of tensors"), lambda: list(mine), [{"params": list(theirs)}]),
        (say(zh="张量的生成器", en="a generator of tensors"), lambda: iter(mine), [{"params": list(theirs)}]),
        (say(zh="一个字典", en="one dictionary"), lambda: [{"params": tuple(mine)}], [{"params": list(theirs)}]),
    ]


def same_groups(got: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """The same keys and settings; `"params"` as lists of so many."""
    kinds = [isinstance(group.get("params"), list) for group in got]
    holds(all(kinds), zh='每组的 `"params"` 应当是列表', en='the `"params"` of each group should be a list')
    keys = {"lr", "momentum", "weight_decay", "name"}
    close(
        [{key: value for key, value in group.items() if key in keys} for group in got],
        [{key: value for key, value in group.items() if key in keys} for group in expected],
    )
    close([len(group["params"]) for group in got], [len(group["params"]) for group in expected])


@judged
def test_GroupedSGD(GroupedSGD):
    for number in range(5):
        mine = parameters(torch.float64)
        theirs = copies(mine)
        way, make, plain = grouped(mine, theirs)[number]
        settings: dict[str, Any] = {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}
        with case(zh=way, en=way):
            optimizer, other = GroupedSGD(make(), **settings), torch.optim.SGD(plain, **settings)
            same_groups(optimizer.param_groups, other.param_groups)
            places = [p.data_ptr() for p in mine]
            for step in range(10):
                grads = gradients(step, torch.float64)
                give(mine, grads)
                give(theirs, grads)
                if step == 6:
                    optimizer.param_groups[-1]["lr"] = other.param_groups[-1]["lr"] = 0.01
                optimizer.step()
                other.step()
                compare(mine, theirs, told(settings), step)
                stays(mine, places, grads)
            optimizer.zero_grad()
            holds(all(p.grad is None for p in mine), zh="`zero_grad` 漏了参数", en="`zero_grad` leaves some out")
    given_back(GroupedSGD)
    equals(GroupedSGD, torch.optim.SGD, [{"lr": 0.1, "momentum": 0.5, "weight_decay": 0.1}], {})


def given_back(GroupedSGD: Callable[..., Any]) -> None:
    """What is passed in stays as it is; a parameter twice, or none, is refused; groups are saved and loaded."""
    p, q = (torch.tensor([1.0, -2.0, 3.0][:n], requires_grad=True) for n in (2, 3))
    groups: list[dict[str, Any]] = [{"params": [p], "lr": 0.5}, {"params": [q]}]
    optimizer = GroupedSGD(groups, lr=0.1, momentum=0.5)
    kept = [sorted(group) for group in groups] == [["lr", "params"], ["params"]] and groups[0]["lr"] == 0.5
    holds(kept, zh="传入的字典被改动了", en="the dictionaries that were passed in have changed")
    optimizer.param_groups[0]["params"].append(q)
    holds(len(groups[0]["params"]) == 1, zh="传入的列表被改动了", en="a list that was passed in has changed")
    for words, twice in (
        (say(zh="一个参数在两组里", en="a parameter in two groups"), [{"params": [p]}, {"params": [q, p]}]),
        (say(zh="一个参数在同一组里两次", en="a parameter twice in a group"), [{"params": [p, q, p]}]),
        (say(zh="列表里的张量重复", en="a tensor twice in a list"), [q, p, q]),
        (say(zh="没有组", en="no groups"), []),
        (say(zh="组里没有参数", en="groups without parameters"), [{"params": []}, {"params": iter(())}]),
    ):
        with case(zh=words, en=words):
            refused(GroupedSGD, twice)
    with case(zh="别的组旁边有空的组", en="empty groups beside another"):
        some: list[dict[str, Any]] = [{"params": []}, {"params": q, "lr": 0.5}, {"params": iter(()), "momentum": 0.9}]
        rest = {"momentum": 0.0, "weight_decay": 0.2}
        expected = [{"params": []} | rest, {"params": [q], "lr": 0.5} | rest, {"params": []} | rest | {"momentum": 0.9}]
        same_groups(GroupedSGD(some, lr=0.1, weight_decay=0.2).param_groups, [{"lr": 0.1} | one for one in expected])
    equal = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    with case(zh="两个不同的参数，值相同", en="two parameters of equal values"):
        close(len(GroupedSGD([{"params": equal[0]}, {"params": equal[1]}]).param_groups), 2)
    optimizer = GroupedSGD([{"params": p, "lr": 0.5}, {"params": q}], lr=0.1, momentum=0.5)
    p.grad, q.grad = torch.ones(2), torch.ones(3)
    optimizer.step()
    fresh = GroupedSGD([{"params": p}, {"params": q}], lr=0.3)
    fresh.load_state_dict(optimizer.state_dict())
    fresh.step()
    with case(zh="存下来再读回", en="saved and loaded again"):
        close(p.detach(), torch.tensor([1.0, -2.0]) - 0.5 - 0.75)
        close(q.detach(), torch.tensor([1.0, -2.0, 3.0]) - 0.1 - 0.15)


class Mixed(nn.Module):
    """Parameters of no axis to four, a layer that is frozen, and a weight that two layers share."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.0))
        self.inner = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten())
        self.table, self.head = nn.Embedding(7, 3), nn.Linear(3, 7)
        self.head.weight = self.table.weight
        self.frozen, self.partly = nn.Linear(2, 5).requires_grad_(False), nn.Linear(4, 3)
        self.partly.weight.requires_grad_(False)


@judged
def test_decay_groups(decay_groups):
    for model, decay in ((nn.Linear(3, 2), 0.1), (nn.Linear(3, 1), 0.2), (Mixed(), 0.3)):
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        with unnoted():  # how many groups there are, and in which order, is free
            groups = [dict(group) for group in decay_groups(model, decay)]
        found = [(p, float(group["weight_decay"])) for group in groups for p in group["params"]]
        counts = {name: sum(p is q for q, _ in found) for name, p in model.named_parameters()}
        with case(zh="每个参数在几组里", en="in how many groups each parameter is"):
            close(counts, {name: int(p.requires_grad) for name, p in model.named_parameters()})
        with case(zh="每个参数的权重衰减", en="the weight decay of each parameter"):
            got = {name: next((wd for q, wd in found if q is p), -1.0) for name, p in model.named_parameters()}
            wanted = {name: decay if p.ndim > 1 else 0.0 for name, p in model.named_parameters()}
            close(got, {name: wanted[name] if p.requires_grad else -1.0 for name, p in model.named_parameters()})
        close({name: p.detach() for name, p in model.named_parameters()}, before)
    with case(zh="没有参数的模型", en="a model without parameters"):
        with unnoted():
            groups = decay_groups(nn.ReLU(), 0.1)
        close([list(group["params"]) for group in groups if list(group["params"])], [])


@judged
def test_cosine_with_warmup(cosine_with_warmup):
    for step, lr in ((0, 0.2), (2, 0.6), (3, 0.8), (4, 0.8), (8, 0.4), (12, 0.0), (13, 0.0), (500, 0.0)):
        close(cosine_with_warmup(step, 12, 4, 0.8), lr)  # by hand
    for n_steps, warmup, peak, floor in ((20, 5, 0.3, 0.02), (9, 0, 2.0, 0.5), (7, 7, 1.0, 0.1), (1, 0, 0.5, 0.0)):
        for step in range(n_steps + 3):
            if step < warmup:
                lr = peak / warmup * (1 + step)
            elif step >= n_steps:
                lr = floor
            else:
                share = math.cos(math.pi / 2 * (step - warmup) / (n_steps - warmup)) ** 2
                lr = peak * share + floor * (1 - share)
            zh = f"{n_steps} 步，预热 {warmup} 步，第 {step} 步"
            en = f"{n_steps} steps, {warmup} of warm-up, step {step}"
            with case(zh=zh, en=en):
                close(cosine_with_warmup(step, n_steps, warmup, peak, floor), lr)


def clipped(grads: list[Tensor | None], max_norm: float, dtype: torch.dtype) -> tuple[float, list[Tensor | None]]:
    """The length, and what is left of the gradients, in float64 and number by number."""
    numbers = [float(v) for grad in grads if grad is not None for v in grad.flatten()]
    norm = math.sqrt(sum(v * v for v in numbers))
    factor = min(1.0, max_norm / norm) if norm else 1.0
    return norm, [None if grad is None else (grad.double() * factor).to(dtype) for grad in grads]


@judged(
    skip=dict.fromkeys(("repeat", "strided", "float64"), "it works on `.grad`, which a copy of its arguments lacks")
)
def test_clip_grad_norm(clip_grad_norm):
    two = [torch.zeros(2, requires_grad=True), torch.zeros((), requires_grad=True)]
    give(two, [torch.tensor([3.0, 0.0]), torch.tensor(-4.0)])
    for max_norm, left in ((10, 1.0), (5.0, 1.0), (1.0, 0.2)):
        close(clip_grad_norm(two, max_norm), 5.0)  # by hand
        close([p.grad for p in two], [torch.tensor([3.0, 0.0]) * left, torch.tensor(-4.0) * left])
    for dtype, step, max_norm in ((torch.float32, 1, 2.0), (torch.float64, 4, 0.3), (torch.float32, 3, 1e4)):
        params = parameters(dtype)
        before, grads = copies(params), gradients(step, dtype)
        norm, expected = clipped(grads, max_norm, dtype)
        give(params, grads)
        kept = [p.grad for p in params]
        with case(zh=f"上限 {max_norm:g}，长度", en=f"a limit of {max_norm:g}, the length"):
            close(clip_grad_norm(iter(params), max_norm), norm)
        with case(zh=f"上限 {max_norm:g}，梯度", en=f"a limit of {max_norm:g}, the gradients"):
            close([p.grad for p in params if p.grad is not None], [grad for grad in expected if grad is not None])
        zh, en = "应当就地缩小，`p.grad` 却成了另一个张量", "shrink in place: `p.grad` has become another tensor"
        holds(all(p.grad is grad for p, grad in zip(params, kept, strict=True)), zh=zh, en=en)
        compare(params, before, f"max_norm={max_norm}", 0)
    with case(zh="一个梯度也没有", en="without any gradient"):
        close(clip_grad_norm(copies(parameters(torch.float32)), 1.0), 0.0)
    with case(zh="梯度全是 0", en="with gradients of 0"):
        give(two, [torch.zeros(2), torch.zeros(())])
        close(clip_grad_norm(two, 1.0), 0.0)
        close([p.grad for p in two], [torch.zeros(2), torch.zeros(())])
    called = mock.Mock(side_effect=torch.nn.utils.clip_grad_norm_)
    with mock.patch.object(torch.nn.utils, "clip_grad_norm_", called), unnoted():
        clip_grad_norm(two, 1.0)
    zh, en = "调用了 `clip_grad_norm_`：这里要自己写", "it calls `clip_grad_norm_`: here you write that yourself"
    holds(not called.called, zh=zh, en=en)


class Count(TorchFunctionMode):
    """How often torch's functions are called meanwhile, attributes such as `.grad` aside, and which."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if (name := getattr(function, "__name__", "")) != "__get__":
            self.names.append(name)
        return function(*args, **(kwargs or {}))


def calls_of_a_step(make: Callable[..., Any], count: int) -> list[str]:
    """What a second step calls, with so many parameters."""
    params = [torch.ones(1 + i % 3, requires_grad=True) for i in range(count)]
    optimizer = make(params, weight_decay=0.1)
    for p in params:
        p.grad = torch.ones_like(p)
    optimizer.step()
    with Count() as counter:
        optimizer.step()
    return counter.names


@judged
def test_ForeachAdam(ForeachAdam):
    walk(ForeachAdam, torch.optim.Adam, ADAMS[0], torch.float32)
    mine = parameters(torch.float64)
    theirs = copies(mine)
    optimizer, other = ForeachAdam(mine, lr=0.1), torch.optim.Adam(theirs, lr=0.1)
    for one, params in ((optimizer, mine), (other, theirs)):  # three groups; the second never has a gradient
        rest = {key: value for key, value in one.param_groups[0].items() if key != "params"}
        parts = (params[:2], 0.1, 0.0), (params[4:], 0.1, 0.0), (params[2:4], 0.02, 0.3)
        one.param_groups[:] = [rest | {"params": some, "lr": lr, "weight_decay": wd} for some, lr, wd in parts]
    for step in range(8):
        for one, params in ((optimizer, mine), (other, theirs)):
            give(params, gradients(step, torch.float64))
            one.step()
        with case(zh="几个参数组", en="with several groups"):
            compare(mine, theirs, "", step)
    few, many = (calls_of_a_step(ForeachAdam, count) for count in (3, 60))
    zh, en = "没有用 `torch._foreach_` 系列", "it doesn't use the `torch._foreach_` family"
    holds(any("_foreach_" in name for name in few), zh=zh, en=en)
    zh = f"3 个张量调用 {len(few)} 次，60 个张量却调用 {len(many)} 次"
    en = f"{len(few)} calls for 3 tensors, but {len(many)} for 60"
    holds(len(many) - len(few) < 57, zh=zh, en=en)
    equals(ForeachAdam, torch.optim.Adam, ADAMS, {})
