"""Right answers of the lesson, each written in another way than the course's; the tests accept them all."""

import copy
import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from coach import variant
from part4_optimization import solutions

ops: Any = torch  # a type checker doesn't know its names with an underscore

# A valley


@variant("opt_fn_with_sgd")
def by_a_list(fn, xy, lr, momentum=0.0, n_iters=100):
    param = nn.Parameter(torch.clone(xy.detach()))
    sgd, rows = torch.optim.SGD([param], lr, momentum), [xy.detach().tolist()]
    for _ in range(n_iters):
        fn(*param).backward()
        sgd.step()
        sgd.zero_grad()
        rows.append(param.tolist())
    return torch.tensor(rows[:n_iters], dtype=xy.dtype).reshape(-1, 2)


@variant("opt_fn_with_sgd")
def two_leaves(fn, xy, lr, momentum=0, n_iters=100):
    x, y = (xy[i].detach().clone().requires_grad_(True) for i in (0, 1))
    sgd = torch.optim.SGD([x, y], lr=lr, momentum=momentum)
    path = [torch.zeros(0, 2, dtype=xy.dtype)]
    for _ in range(n_iters):
        path.append(torch.stack([x.data, y.data])[None].clone())
        x.grad, y.grad = torch.autograd.grad(fn(x, y), [x, y])
        sgd.step()
    return torch.cat(path)


@variant("opt_fn_with_sgd")
def without_an_optimiser(fn, xy, lr, momentum=0.0, n_iters=100):
    path, place, velocity = torch.zeros(n_iters, 2).to(xy), xy.detach(), torch.zeros(2).to(xy)
    for row in path:
        row[:] = place
        leaf = place.clone().requires_grad_()
        fn(leaf[0:1], leaf[1:2]).backward()
        velocity = momentum * velocity + leaf.grad
        place = place - lr * velocity
    return path


@variant("opt_fn")
def by_stacking(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    xy = xy.clone().detach().requires_grad_()
    optimizer = functools.partial(optimizer_class, **optimizer_hyperparams)([xy])
    xys = [xy.new_zeros(2)]
    for _ in range(n_iters):
        xys += [xy.detach().clone()]
        loss = fn(*xy.unbind())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return torch.stack(xys)[1:].detach()


@variant("opt_fn")
def by_numpy_rows(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    leaf = torch.tensor(xy.detach().numpy(), requires_grad=True)
    path, optimizer = np.empty((n_iters, 2), dtype=leaf.detach().numpy().dtype), None
    optimizer = optimizer_class([leaf], **dict(optimizer_hyperparams))
    for i in range(n_iters):
        path[i] = leaf.detach().numpy()
        optimizer.zero_grad()
        fn(leaf[..., 0], leaf[..., 1]).sum().backward()
        optimizer.step()
    return torch.from_numpy(path)


@variant("quadratic_after")
def by_powers_of_the_step(A, start, lr, n_iters):
    return torch.linalg.matrix_power(torch.eye(len(A), dtype=A.dtype) - lr * A, n_iters) @ start


@variant("quadratic_after")
def by_squaring(A, start, lr, n_iters):
    step = torch.eye(len(A)).to(A) - lr * A
    place = start.clone()
    while n_iters:
        if n_iters % 2:
            place = step @ place
        step, n_iters = step @ step, n_iters // 2
    return place


@variant("quadratic_after")
def by_numpy(A, start, lr, n_iters):
    values, vectors = np.linalg.eigh(A.numpy())
    parts = [(v @ start.numpy()) * (1 - lr * c) ** n_iters * v for c, v in zip(values, vectors.T, strict=True)]
    return torch.from_numpy(np.sum(parts, axis=0)).to(start.dtype)


@variant("best_lr")
def by_formula(smallest, largest):
    lr = 2.0 / (largest + smallest)
    return [lr, 1 - lr * smallest]


@variant("best_lr")
def by_solving(smallest, largest):
    lr, rate = np.linalg.solve([[smallest, 1], [largest, -1]], [1, 1])
    return lr, abs(rate)


@variant("best_lr")
def by_kappa(smallest, largest):
    kappa = torch.tensor(largest, dtype=torch.float64) / smallest
    return 2 / smallest / (1 + kappa), (kappa - 1) / (kappa + 1)


@variant("momentum_rate")
def by_subtraction(kappa):
    return 1 - 2 / (kappa**0.5 + 1)


@variant("momentum_rate")
def by_best_lr(kappa):
    return solutions.best_lr(1, np.sqrt(kappa))[1]


@variant("momentum_rate")
def as_tensor(kappa):
    root = torch.tensor(float(kappa)).sqrt()
    return (root - 1) / (1 + root)


# Optimisers


class FromScratch:
    """All of an optimiser, without the lesson's `Optimizer`: memory by the parameters' places."""

    one: Any  # how one parameter is updated

    def __init__(self, params, **settings):
        listed = [*params]
        if len(listed) == 0:
            raise ValueError("empty")
        self.param_groups = [{"params": listed} | settings]
        self.state = defaultdict(dict)

    def everything(self):
        return list(itertools.chain(*(group["params"] for group in self.param_groups)))

    def zero_grad(self):
        for p in self.everything():
            p.grad = None

    def step(self):
        for group in self.param_groups:
            for i, p in enumerate(group["params"]):
                if p.grad is None:
                    continue
                with torch.no_grad():
                    self.one(p, p.grad, self.state[i], group)

    def state_dict(self):
        groups = [{key: group[key] for key in group if key != "params"} for group in self.param_groups]
        return {"groups": groups, "state": {i: dict(memory) for i, memory in self.state.items()}}

    def load_state_dict(self, saved):
        for group, settings in zip(self.param_groups, saved["groups"], strict=True):
            group |= settings
        self.state = defaultdict(dict, copy.deepcopy(saved["state"]))


@variant("SGD")
class ScratchSGD(FromScratch):
    def __init__(self, params, lr, momentum=0.0, weight_decay=0.0):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def one(self, p, grad, state, group):
        g = grad + group["weight_decay"] * p
        if group["momentum"] != 0:
            state["b"] = group["momentum"] * state["b"] + g if "b" in state else g.clone()
            g = state["b"]
        p -= group["lr"] * g


@variant("SGD")
class ByCopying(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad + weight_decay * p
        if momentum > 0:
            state["v"] = momentum * state.get("v", 0) + grad
        p.copy_(p - lr * (state["v"] if momentum > 0 else grad))


@variant("SGD")
class InATuple(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad + weight_decay * p
        if momentum:
            (old,) = state.get("kept", (torch.zeros_like(p),))
            state["kept"] = (momentum * old + grad,)
            (grad,) = state["kept"]
        p -= lr * grad


@variant("SGD")
class ByNumpy(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        values, slopes = p.detach().numpy(), grad.numpy() + weight_decay * p.detach().numpy()
        if momentum:
            old = state["v"].numpy() if "v" in state else 0
            slopes = momentum * old + slopes
            state["v"] = torch.as_tensor(slopes)
        values[...] = values - lr * slopes


@variant("SGD")
class ByData(solutions.SGD):
    """It always keeps a velocity; while momentum is 0 that is the last gradient, which then counts for nothing."""

    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = torch.add(grad, p.data, alpha=weight_decay)
        if not momentum:
            p.data.sub_(grad, alpha=lr)
            return
        velocity = state.setdefault("velocity", torch.zeros_like(p.data))
        velocity *= momentum
        velocity += grad
        p.data.sub_(velocity, alpha=lr)


@variant("Nesterov")
class ScratchNesterov(FromScratch):
    def __init__(self, params, lr, momentum, weight_decay=0.0):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def one(self, p, grad, state, group):
        grad = grad + p * group["weight_decay"]
        state["b"] = grad + (group["momentum"] * state["b"] if "b" in state else 0)
        p.sub_((grad + state["b"] * group["momentum"]) * group["lr"])


@variant("Nesterov")
class ByTwoSteps(solutions.Nesterov):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad.add(p, alpha=weight_decay)
        old = state.get("velocity", torch.zeros_like(grad))
        state["velocity"] = momentum * old + grad
        p += -lr * (1 + momentum) * grad - lr * momentum**2 * old


@variant("RMSprop")
class ByFormulaRMSprop(solutions.RMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        grad = grad + weight_decay * p
        state["v"] = alpha * state.get("v", 0) + (1 - alpha) * grad**2
        quotient = grad / (state["v"] ** 0.5 + eps)
        state["b"] = momentum * state.get("b", 0) + quotient
        p -= lr * state["b"]


@variant("RMSprop")
class ByLerp(solutions.RMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        if weight_decay > 0:
            grad = grad.add(p, alpha=weight_decay)
        if "v" not in state:
            state["v"] = (1 - alpha) * grad.square()
        else:
            state["v"].lerp_(grad.square(), 1 - alpha)
        step = torch.div(grad, torch.sqrt(state["v"]) + eps)
        if momentum > 0:
            if "b" not in state:
                state["b"] = step.clone()
            else:
                state["b"].mul_(momentum).add_(step)
            step = state["b"]
        p.add_(step, alpha=-lr)


@variant("Adam")
class ByHats(solutions.Adam):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        b1, b2 = betas
        grad = grad + weight_decay * p
        t = state["t"] = state.get("t", 0) + 1
        state["m"] = b1 * state.get("m", torch.zeros_like(p)) + (1 - b1) * grad
        state["v"] = b2 * state.get("v", torch.zeros_like(p)) + (1 - b2) * grad**2
        m_hat, v_hat = state["m"] / (1 - b1**t), state["v"] / (1 - b2**t)
        p -= lr * m_hat / (v_hat.sqrt() + eps)


@variant("Adam")
class CountsInTensors(solutions.Adam):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        if not state:
            state["step"], state["m"], state["v"] = torch.zeros(()), torch.zeros_like(p), torch.zeros_like(p)
        state["step"] += 1
        grad = grad.add(p, alpha=weight_decay)
        state["m"].mul_(betas[0]).add_(grad, alpha=1 - betas[0])
        state["v"].mul_(betas[1]).addcmul_(grad, grad.conj(), value=1 - betas[1])
        t = state["step"].item()
        p.addcdiv_(state["m"], (state["v"] / (1 - betas[1] ** t)).sqrt() + eps, value=-lr / (1 - betas[0] ** t))


@variant("Adam")
class KeepsPowers(FromScratch):
    """The shares of the zeros, multiplied up from step to step."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def one(self, p, grad, state, group):
        if "m" not in state:
            state.update(m=torch.zeros_like(p), v=torch.zeros_like(p), share1=1.0, share2=1.0)
        (b1, b2), g = group["betas"], grad + group["weight_decay"] * p
        state["share1"] *= b1
        state["share2"] *= b2
        state["m"] += (1 - b1) * (g - state["m"])
        state["v"] += (1 - b2) * (g * g - state["v"])
        root = torch.sqrt(state["v"] / (1 - state["share2"]))
        p -= group["lr"] * (state["m"] / (1 - state["share1"])) / (root + group["eps"])


@variant("AdamW")
class Whole(solutions.AdamW):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        p -= lr * weight_decay * p
        ByHats.update(self, p, grad, state, lr, betas, eps, 0)


@variant("AdamW")
class AllAtOnce(solutions.AdamW):
    """The weight as it was is what decays, but it is subtracted in the same line."""

    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        before = p.clone()
        solutions.Adam.update(self, p, grad, state, lr, betas, eps, 0.0)
        p.sub_(before, alpha=lr * weight_decay)


@variant("GroupedSGD")
class ByLoops(solutions.SGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        groups, seen = [], []
        for entry in list[Any](params):
            if not isinstance(entry, Mapping):
                if not groups:
                    groups.append({"params": []})
                groups[0]["params"].append(entry)
            else:
                some = entry["params"]
                groups.append({**entry, "params": [some] if torch.is_tensor(some) else [*some]})
        if not any(group["params"] for group in groups):
            raise ValueError("nothing to optimise")
        for group in groups:
            for key, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
                group.setdefault(key, value)
            for p in group["params"]:
                if any(p is q for q in seen):
                    raise ValueError("twice")
                seen.append(p)
        self.settings, self.param_groups, self.state = ["lr", "momentum", "weight_decay"], groups, {}


@variant("GroupedSGD")
class FromScratchInGroups(FromScratch):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        first, *rest = list[Any](params) or [None]
        if first is None:
            raise ValueError("no parameters")
        groups = [first, *rest] if type(first) is dict else [{"params": [first, *rest]}]
        self.param_groups: list[dict[str, Any]] = [
            dict(lr=lr, momentum=momentum, weight_decay=weight_decay) for _ in groups
        ]
        for mine, given in zip(self.param_groups, groups, strict=True):
            some = given["params"]
            mine.update({**given, "params": [some] if isinstance(some, torch.Tensor) else list(some)})
        ids = [id(p) for p in self.everything()]
        if not ids or len(ids) != len(set(ids)):
            raise ValueError("no parameters, or one that appears in more than one group")
        self.state = defaultdict(dict)

    def step(self):
        numbers = {id(p): i for i, p in enumerate(self.everything())}
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    with torch.no_grad():
                        ScratchSGD.one(self, p, p.grad, self.state[numbers[id(p)]], group)  # type: ignore


@variant("decay_groups")
def one_group_each(model, weight_decay):
    return [
        {"params": [p], "weight_decay": weight_decay if len(p.shape) > 1 else 0.0, "name": name}
        for name, p in model.named_parameters()
        if p.requires_grad
    ]


@variant("decay_groups")
def only_those_needed(model, weight_decay):
    groups = defaultdict(list)
    for p in model.parameters():
        if p.requires_grad:
            groups[weight_decay * (p.dim() > 1)].append(p)
    return [dict(weight_decay=decay, params=iter(params)) for decay, params in groups.items()]


@variant("cosine_with_warmup")
def by_numpy_cosine(step, n_steps, warmup, peak, floor=0.0):
    if step < warmup:
        return np.linspace(0, peak, warmup + 1)[step + 1]
    share = min(1, (step - warmup) / max(1, n_steps - warmup)) if n_steps > warmup else 1
    return floor + 0.5 * (peak - floor) * (1 + np.cos(np.pi * share))


@variant("cosine_with_warmup")
def by_tensors(step, n_steps, warmup, peak, floor=0.0):
    if step >= max(n_steps, warmup):
        return torch.tensor(floor)
    rising = (step + 1) / warmup if step < warmup else 1.0
    u = max(step - warmup, 0) / max(n_steps - warmup, 1)
    falling = floor + (peak - floor) * torch.cos(torch.tensor(math.pi * u / 2)) ** 2
    return rising * falling


@variant("clip_grad_norm")
def by_cat(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    norm = torch.cat([grad.flatten() for grad in grads]).norm()
    for grad in grads:
        grad *= (max_norm / (norm + 1e-6)).clamp(max=1.0)
    return norm


@variant("clip_grad_norm")
def by_sums(params, max_norm):
    params = list(params)
    squares = sum((p.grad.double() ** 2).sum().item() for p in params if p.grad is not None)
    norm = squares**0.5
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p.grad.copy_(p.grad * min(1.0, max_norm / (norm + 1e-12)))
    return norm


@variant("clip_grad_norm")
def by_foreach(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norms = ops._foreach_norm(grads) if grads else [torch.zeros(())]
    total = torch.linalg.vector_norm(torch.stack(list(norms)))
    if total > max_norm:
        ops._foreach_mul_(grads, float(max_norm / total))
    return total.item()


@variant("ForeachAdam")
class CountsByForeach(solutions.Adam):
    """The counts are tensors, and the corrections are worked out for all at once."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if not params:
                continue
            (b1, b2), grads = group["betas"], [p.grad for p in params]
            for p in params:
                if p not in self.state:
                    self.state[p] = {"t": torch.zeros((), dtype=torch.float64), "m": torch.zeros_like(p)}
                    self.state[p]["v"] = torch.zeros_like(p)
            t, m, v = ([self.state[p][key] for p in params] for key in "tmv")
            grads = ops._foreach_add(grads, ops._foreach_mul(params, group["weight_decay"]))
            ops._foreach_add_(t, 1)
            ops._foreach_mul_(m, b1)
            ops._foreach_add_(m, grads, alpha=1 - b1)
            ops._foreach_mul_(v, b2)
            ops._foreach_addcmul_(v, grads, grads, value=1 - b2)
            steps = torch.stack(t).tolist()
            m_hat = ops._foreach_div(m, [1 - b1**n for n in steps])
            v_hat = ops._foreach_div(v, [1 - b2**n for n in steps])
            root = ops._foreach_sqrt(v_hat)
            ops._foreach_add_(root, group["eps"])
            ops._foreach_add_(params, ops._foreach_div(m_hat, root), alpha=-group["lr"])
