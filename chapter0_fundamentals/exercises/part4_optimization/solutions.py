# %% [markdown] lang="zh" order=1
# # 第 4 天 · 优化器
# %% [markdown] lang="en" order=1
# # Day 4 · optimisers
# %%
import copy
import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

# from part4_optimization import figures, tests

Surface = Callable[[Tensor, Tensor], Tensor]  # a height for each x and y, element by element


# %%
def ravine(x: Tensor, y: Tensor) -> Tensor:
    """A quadratic valley, ten times as curved along y as along x; lowest at (0, 0)."""
    return (x.square() + 10 * y.square()) / 2


def tilted_ravine(x: Tensor, y: Tensor) -> Tensor:
    """The ravine, turned by 45 degrees."""
    return ravine((x + y) / math.sqrt(2), (y - x) / math.sqrt(2))


def pathological_curve_loss(x: Tensor, y: Tensor) -> Tensor:
    """A narrow trench along y, whose floor falls gently towards negative y and never ends."""
    across = x.square()
    return across / (across + 0.1) + F.softplus(y) / 2


def rosenbrocks_banana_func(x: Tensor, y: Tensor, a: float = 1, b: float = 100) -> Tensor:
    """A bent valley with a nearly flat floor; lowest at (a, a²)."""
    return (a - x).square() + b * (y - x.square()).square()


# %% exercise="opt_fn_with_sgd" difficulty=2 importance=4 minutes=10
def opt_fn_with_sgd(
    fn: Surface, xy: Float[Tensor, " 2"], lr: float, momentum: float = 0.0, n_iters: int = 100
) -> Float[Tensor, "n_iters 2"]:
    """The places before each of `n_iters` steps of `torch.optim.SGD` down `fn`, the first of them `xy`."""
    # solution
    here = xy.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([here], lr=lr, momentum=momentum)
    path = here.detach().new_empty(n_iters, 2)
    for i in range(n_iters):
        path[i] = here.detach()
        optimizer.zero_grad()
        fn(here[0], here[1]).backward()
        optimizer.step()
    return path


# %% exercise="quadratic_after" difficulty=3 importance=4 minutes=15
def quadratic_after(
    A: Float[Tensor, "dims dims"], start: Float[Tensor, " dims"], lr: float, n_iters: int
) -> Float[Tensor, " dims"]:
    """Where `n_iters` steps of gradient descent on ½ xᵀAx lead, A being symmetric: without walking them."""
    # solution
    curvatures, directions = torch.linalg.eigh(A)
    shares = directions.T @ start  # how much of the start lies along each direction
    return directions @ ((1 - lr * curvatures) ** n_iters * shares)


# %% exercise="best_lr" difficulty=2 importance=4 minutes=10
def best_lr(smallest: float, largest: float) -> tuple[float, float]:
    """The best learning rate for curvatures from `smallest` to `largest`, and the factor left of the slowest after a step."""
    # solution
    return 2 / (smallest + largest), (largest - smallest) / (largest + smallest)


# %%
class Optimizer:
    """Parameters in groups with their settings, and what is remembered of each; a subclass says how one is updated."""

    def __init__(self, params: Iterable[Tensor], **settings: Any) -> None:
        params = list(params)  # a generator can be walked only once
        if not params:
            raise ValueError(f"{type(self).__name__}: no parameters to optimise: was the generator used up before?")
        self.settings = list(settings)
        self.param_groups: list[dict[str, Any]] = [{"params": params, **settings}]
        self.state: dict[Tensor, dict[str, Any]] = {}

    def zero_grad(self) -> None:
        for p in self._params():
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            settings = {name: group[name] for name in self.settings}
            for p in group["params"]:
                if p.grad is not None:
                    self.update(p, p.grad, self.state.setdefault(p, {}), **settings)

    def update(self, p: Tensor, grad: Tensor, state: dict[str, Any], **settings: Any) -> None:
        """Changes `p` in place; what is to be remembered until its next step is kept in `state`."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """A copy of all that the next steps depend on, but for the parameters and their gradients."""
        groups = [{key: value for key, value in group.items() if key != "params"} for group in self.param_groups]
        return copy.deepcopy({"param_groups": groups, "state": [self.state.get(p, {}) for p in self._params()]})

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Goes on where the optimiser that returned `saved` was; its parameters came in the same order."""
        saved = copy.deepcopy(saved)
        for group, settings in zip(self.param_groups, saved["param_groups"], strict=True):
            group.update(settings)
        self.state = dict(zip(self._params(), saved["state"], strict=True))

    def _params(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]


# %% exercise="SGD" difficulty=3 importance=5 minutes=20
class SGD(Optimizer):
    """`torch.optim.SGD(params, lr, momentum, weight_decay=weight_decay)`."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def update(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], lr: float, momentum: float, weight_decay: float
    ) -> None:
        # solution
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        if momentum:
            if "velocity" not in state:
                state["velocity"] = torch.zeros_like(p)
            grad = state["velocity"].mul_(momentum).add_(grad)
        p.add_(grad, alpha=-lr)


# %% exercise="opt_fn" difficulty=1 importance=3 minutes=5
def opt_fn(
    fn: Surface,
    xy: Float[Tensor, " 2"],
    optimizer_class: Callable[..., Any],
    optimizer_hyperparams: dict[str, Any],
    n_iters: int = 100,
) -> Float[Tensor, "n_iters 2"]:
    """The places before each of `n_iters` steps down `fn` of an optimiser made by `optimizer_class`, the first `xy`."""
    # solution
    here = xy.detach().clone().requires_grad_()
    optimizer = optimizer_class([here], **optimizer_hyperparams)
    path = here.detach().new_empty(n_iters, 2)
    for i in range(n_iters):
        path[i] = here.detach()
        optimizer.zero_grad()
        fn(here[0], here[1]).backward()
        optimizer.step()
    return path


# %% exercise="momentum_rate" difficulty=2 importance=3 minutes=10
def momentum_rate(kappa: float) -> float:
    """The factor left of the slowest direction after a step of the best heavy ball, at condition number `kappa`."""
    # solution
    return (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)


# %% exercise="Nesterov" difficulty=3 importance=3 minutes=10
class Nesterov(Optimizer):
    """`torch.optim.SGD(params, lr, momentum, weight_decay=weight_decay, nesterov=True)`."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def update(
        self, p: Tensor, grad: Tensor, state: dict[str, Any], lr: float, momentum: float, weight_decay: float
    ) -> None:
        # solution
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        if "velocity" not in state:
            state["velocity"] = torch.zeros_like(p)
        velocity = state["velocity"].mul_(momentum).add_(grad)
        p.add_(grad.add(velocity, alpha=momentum), alpha=-lr)


# %% exercise="RMSprop" difficulty=2 importance=4 minutes=15
class RMSprop(Optimizer):
    """`torch.optim.RMSprop(params, lr, alpha, eps, weight_decay, momentum)`."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)

    def update(
        self,
        p: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        lr: float,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
    ) -> None:
        # solution
        if not state:
            state.update(square=torch.zeros_like(p), velocity=torch.zeros_like(p) if momentum else None)
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        scale = state["square"].mul_(alpha).addcmul_(grad, grad, value=1 - alpha).sqrt().add_(eps)
        if momentum:
            p.add_(state["velocity"].mul_(momentum).addcdiv_(grad, scale), alpha=-lr)
        else:
            p.addcdiv_(grad, scale, value=-lr)


# %% exercise="Adam" difficulty=3 importance=5 minutes=20
class Adam(Optimizer):
    """`torch.optim.Adam(params, lr, betas, eps, weight_decay)`."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def update(
        self,
        p: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        # solution
        if not state:
            state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
        if weight_decay:
            grad = grad.add(p, alpha=weight_decay)
        state["step"] += 1
        mean = state["mean"].lerp_(grad, 1 - betas[0])
        square = state["square"].mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
        seen = [1 - beta ** state["step"] for beta in betas]  # the share of an average that isn't its 0 at the start
        scale = square.sqrt().div_(math.sqrt(seen[1])).add_(eps)
        p.addcdiv_(mean, scale, value=-lr / seen[0])


# %% exercise="AdamW" difficulty=2 importance=4 minutes=10
class AdamW(Adam):
    """`torch.optim.AdamW(params, lr, betas, eps, weight_decay)`."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(
        self,
        p: Tensor,
        grad: Tensor,
        state: dict[str, Any],
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        # solution
        p.mul_(1 - lr * weight_decay)
        super().update(p, grad, state, lr, betas, eps, weight_decay=0.0)


# %% exercise="GroupedSGD" difficulty=3 importance=4 minutes=20
class GroupedSGD(SGD):
    """`SGD` whose parameters may come in groups with settings of their own, as in `torch.optim`."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        # solution
        given: list[Any] = list(params)
        groups = given if given and isinstance(given[0], dict) else [{"params": given}]
        groups = [group | {"params": listed(group["params"])} for group in groups]
        everything = [p for group in groups for p in group["params"]]
        if len(set(everything)) < len(everything):
            raise ValueError("GroupedSGD: a parameter is in two groups (or twice in one): it would be updated twice")
        super().__init__(everything, lr, momentum, weight_decay)
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        self.param_groups = [defaults | group for group in groups]


def listed(params: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The parameters of a group as a list: they may come as one tensor, or as a generator."""
    return [params] if isinstance(params, Tensor) else list(params)


# %% exercise="decay_groups" difficulty=2 importance=3 minutes=10
def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Groups for an optimiser: parameters of two or more axes decay, others don't; those that are frozen are left out."""
    # solution
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.ndim < 2], "weight_decay": 0.0},
    ]


# %%
def set_lr(optimizer: Any, lr: float) -> None:
    """The learning rate of all groups, from the next step on; torch's optimisers understand it too."""
    for group in optimizer.param_groups:
        group["lr"] = lr


# %% exercise="cosine_with_warmup" difficulty=2 importance=4 minutes=15
def cosine_with_warmup(step: int, n_steps: int, warmup: int, peak: float, floor: float = 0.0) -> float:
    """The learning rate for step 0, 1, …: up a straight line to `peak`, then down half a cosine to `floor` at `n_steps`."""
    # solution
    if step < warmup:
        return peak * (step + 1) / warmup
    if step >= n_steps:
        return floor
    done = (step - warmup) / (n_steps - warmup)
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2


# %% exercise="clip_grad_norm" difficulty=2 importance=4 minutes=10
def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """The norm of all gradients as one vector; where it is above `max_norm`, all are shrunk in place by one factor."""
    # solution
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.hypot(*(float(grad.norm()) for grad in grads))
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm


# %% exercise="ForeachAdam" difficulty=4 importance=2 minutes=25 tags=["bonus"]
class ForeachAdam(Adam):
    """`Adam` with one call of `torch._foreach_…` where it has one call for each tensor."""

    @torch.no_grad()
    def step(self) -> None:
        # solution
        for group in self.param_groups:
            if params := [p for p in group["params"] if p.grad is not None]:
                settings = {name: group[name] for name in self.settings}
                self.update_all(params, [p.grad for p in params], **settings)

    def update_all(
        self,
        params: list[Tensor],
        grads: list[Tensor],
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        """What `update` does to one parameter, for all of them at once."""
        # solution
        for p in params:
            if p not in self.state:
                self.state[p] = {"step": 0, "mean": torch.zeros_like(p), "square": torch.zeros_like(p)}
            self.state[p]["step"] += 1
        states = [self.state[p] for p in params]
        means, squares = ([state[name] for state in states] for name in ("mean", "square"))
        if weight_decay:
            grads = list(torch._foreach_add(grads, params, alpha=weight_decay))
        torch._foreach_lerp_(means, grads, 1 - betas[0])
        torch._foreach_mul_(squares, betas[1])
        torch._foreach_addcmul_(squares, grads, grads, value=1 - betas[1])
        scales = torch._foreach_sqrt(squares)
        torch._foreach_div_(scales, [math.sqrt(1 - betas[1] ** state["step"]) for state in states])
        torch._foreach_add_(scales, eps)
        torch._foreach_addcdiv_(params, means, scales, [-lr / (1 - betas[0] ** state["step"]) for state in states])
