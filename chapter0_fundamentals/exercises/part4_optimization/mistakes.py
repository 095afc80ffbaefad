"""The wrong answers of the lesson, each explained in a sentence."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from coach import mistake
from part4_optimization import solutions

# A valley


def path_of(optimizer_class: Any, settings: dict, fn: Any, xy: Tensor, n_iters: int, **faults: Any) -> Tensor:
    """The path with a choice of faults."""
    here = xy.detach().clone().requires_grad_()
    optimizer, rows = optimizer_class([here], **settings), []
    if faults.get("refuses") and xy.requires_grad:
        raise ValueError("can't optimize a non-leaf Tensor")
    keep = faults.get("keep", lambda row: row.detach().clone())
    for step in range(n_iters + faults.get("more", 0)):
        if not faults.get("late"):
            rows.append(xy.clone() if faults.get("start") and not step else keep(here))
        if faults.get("clears", True):
            optimizer.zero_grad()
        fn(here[0], here[1]).backward()
        if faults.get("forgets"):
            optimizer.zero_grad()
        optimizer.step()
        if faults.get("late"):
            rows.append(here.detach().clone())
    if faults.get("asks"):
        xy.requires_grad_()
    if faults.get("leaves") and n_iters:
        xy.grad = torch.zeros_like(xy)
    if not rows and faults.get("flat"):
        return torch.zeros(0, dtype=xy.dtype)
    return torch.stack(rows) if rows or faults.get("fails") else torch.zeros(0, 2, dtype=xy.dtype)


def by_sgd(fn, xy, lr, momentum, n_iters, **faults):
    return path_of(torch.optim.SGD, {"lr": lr, "momentum": momentum}, fn, xy, n_iters, **faults)


SHARED_BY_PATHS = {
    "late": (
        {"late": True},
        "存的是每一步*之后*的位置：第 0 行应是起点。",
        "It keeps the places *after* each step: row 0 should be the start.",
    ),
    "one_too_many": (
        {"more": 1},
        "多了一行：最后一步之后的位置不在内。",
        "There is a row too many: the place after the last step isn't wanted.",
    ),
    "one_too_few": ({"more": -1}, "少了一行：应有 `n_iters` 行。", "A row is missing: there should be `n_iters`."),
    "never_clears": (
        {"clears": False},
        "梯度没有清空：每一步都带着以前所有步的梯度。",
        "Gradients aren't cleared: each step carries those of all steps before.",
    ),
    "all_rows_alike": (
        {"keep": lambda row: row},
        "每一行都是同一个张量：优化器就地改它，要存的是拷贝，而且不带计算图。",
        "All rows are one tensor: the optimiser changes it in place, so keep copies, without their graph.",
    ),
    "rows_share_memory": (
        {"keep": lambda row: row.detach()},
        "每一行都是最后的位置：`detach` 不复制，各行共用参数的内存，还要 `clone`。",
        "All rows are the last place: `detach` doesn't copy, and they share the parameter's memory; `clone` as well.",
    ),
    "rows_with_graphs": (
        {"keep": lambda row: row.clone()},
        "各行还连着计算图：拷贝之外，还要 `detach`。",
        "The rows still have their graphs: besides being copied they must be detached.",
    ),
    "start_with_graph": (
        {"start": True},
        "`xy` 要求梯度时，结果也带着计算图：第 0 行要用 `xy.detach()`。",
        "Where `xy` requires gradients the result has a graph: row 0 needs `xy.detach()`.",
    ),
    "fails_with_gradients": (
        {"refuses": True},
        "`xy` 要求梯度时报错：它的拷贝还连着 `xy`，不是叶子；先 `detach`，再 `clone`。",
        "Where `xy` requires gradients it fails: the copy is still connected to `xy` and isn't a leaf; `detach` before `clone`.",
    ),
    "flat_when_empty": (
        {"flat": True},
        "`n_iters` 为 0 时，形状是 `0`，少了第二个轴：应为 `0 2`。",
        "With `n_iters` 0 its shape is `0`, and the second axis is missing: it should be `0 2`.",
    ),
    "forgets_gradients": (
        {"forgets": True},
        "`backward` 之后、`step` 之前又清空了梯度：`step` 没有梯度可用。",
        "Gradients are cleared between `backward` and `step`: none are left for `step`.",
    ),
    "leaves_a_gradient": (
        {"leaves": True},
        "`xy.grad` 被改动了：走的应当是 `xy` 的拷贝。",
        "`xy.grad` is changed: walk with a copy of `xy`.",
    ),
    "asks_for_gradients": (
        {"asks": True},
        "之后 `xy` 要求梯度了：传入的张量不许改动，先拷贝。",
        "Afterwards `xy` requires gradients: what is passed in must not change, so copy it first.",
    ),
    "fails_on_no_steps": (
        {"fails": True},
        "`n_iters` 为 0 时报错：应返回形状为 `0 2` 的张量。",
        "With `n_iters` 0 it fails: return a tensor of shape `0 2`.",
    ),
}


def register_paths() -> None:
    for name, (faults, zh, en) in SHARED_BY_PATHS.items():

        def with_sgd(fn, xy, lr, momentum=0.0, n_iters=100, faults=faults):
            return by_sgd(fn, xy, lr, momentum, n_iters, **faults)

        def with_any(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100, faults=faults):
            return path_of(optimizer_class, optimizer_hyperparams, fn, xy, n_iters, **faults)

        for exercise, function in (("opt_fn_with_sgd", with_sgd), ("opt_fn", with_any)):
            function.__name__ = function.__qualname__ = name
            mistake(exercise, zh=zh, en=en)(function)


register_paths()


@mistake("opt_fn_with_sgd", zh="`momentum` 没有传给优化器。", en="`momentum` isn't handed to the optimiser.")
def drops_momentum(fn, xy, lr, momentum=0.0, n_iters=100):
    return by_sgd(fn, xy, lr, 0.0, n_iters)


@mistake("opt_fn_with_sgd", zh="`lr` 没有传给优化器。", en="`lr` isn't handed to the optimiser.")
def drops_lr(fn, xy, lr, momentum=0.0, n_iters=100):
    return path_of(torch.optim.SGD, {"momentum": momentum}, fn, xy, n_iters)


@mistake("opt_fn_with_sgd", zh="`lr` 和 `momentum` 颠倒了。", en="`lr` and `momentum` have changed places.")
def swaps_them(fn, xy, lr, momentum=0.0, n_iters=100):
    return by_sgd(fn, xy, momentum, lr, n_iters)


@mistake("opt_fn_with_sgd", zh="它往上坡走。", en="It walks uphill.")
def climbs(fn, xy, lr, momentum=0.0, n_iters=100):
    return by_sgd(lambda x, y: -fn(x, y), xy, lr, momentum, n_iters)


@mistake("opt_fn_with_sgd", zh="x 和 y 颠倒了。", en="x and y have changed places.")
def transposes(fn, xy, lr, momentum=0.0, n_iters=100):
    return by_sgd(lambda x, y: fn(y, x), xy, lr, momentum, n_iters)


@mistake(
    "opt_fn_with_sgd",
    zh="形状是 `2 n_iters`：每一步应当是一行。",
    en="The shape is `2 n_iters`: each step should be a row.",
)
def as_columns(fn, xy, lr, momentum=0.0, n_iters=100):
    return by_sgd(fn, xy, lr, momentum, n_iters).T


@mistake(
    "opt_fn_with_sgd",
    zh="结果总是 float32：它的类型应与 `xy` 相同。",
    en="The result is always float32: it should have the dtype of `xy`.",
)
def in_float32(fn, xy, lr, momentum=0.0, n_iters=100):
    return by_sgd(fn, xy, lr, momentum, n_iters).float()


@mistake(
    "opt_fn_with_sgd",
    zh="走的是 `xy` 本身：传入的张量不许改动，先拷贝。",
    en="It walks with `xy` itself: what is passed in must not change, so copy it first.",
)
def moves_the_start(fn, xy, lr, momentum=0.0, n_iters=100):
    path = by_sgd(fn, xy, lr, momentum, n_iters + 1)
    xy.data.copy_(path[-1])
    return path[:-1]


@mistake(
    "opt_fn_with_sgd",
    zh="只返回了最后的位置：要每一步之前的。",
    en="It returns the last place only: give those before each step.",
)
def last_place(fn, xy, lr, momentum=0.0, n_iters=100):
    return by_sgd(fn, xy, lr, momentum, n_iters + 1)[-1]


@mistake("opt_fn", zh="`optimizer_hyperparams` 没有用上。", en="`optimizer_hyperparams` isn't used.")
def by_defaults(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    return path_of(optimizer_class, {}, fn, xy, n_iters)


@mistake(
    "opt_fn",
    zh="不管给的是什么，用的总是 `torch.optim.SGD`。",
    en="Whatever is given, it always uses `torch.optim.SGD`.",
)
def always_sgd(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    return path_of(torch.optim.SGD, optimizer_hyperparams, fn, xy, n_iters)


@mistake(
    "opt_fn",
    zh="字典当成了第二个位置参数：要用 `**` 摊开成关键字。",
    en="The dictionary is passed as the second argument: hand it over as keywords, by `**`.",
)
def dictionary_as_argument(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    return path_of(lambda params: optimizer_class(params, optimizer_hyperparams), {}, fn, xy, n_iters)


@mistake(
    "opt_fn",
    zh="字典的值按位置传给了优化器：顺序一变就错了，要用 `**` 按名字传。",
    en="The dictionary's values are handed over by position: in another order they are wrong; pass them by name, with `**`.",
)
def values_by_position(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    values = optimizer_hyperparams.values()
    return path_of(lambda params: optimizer_class(params, *values), {}, fn, xy, n_iters)


@mistake(
    "opt_fn",
    zh="交给优化器的是一个张量：要放在列表里。",
    en="The optimiser is given a tensor: put it into a list.",
)
def bare_tensor(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    return path_of(lambda params, **rest: optimizer_class(params[0], **rest), optimizer_hyperparams, fn, xy, n_iters)


@mistake(
    "opt_fn",
    zh="每一步都新造一个优化器：它的记忆（速度等）就丢了。",
    en="It makes a new optimiser at each step: what that remembers, such as a velocity, is lost.",
)
def new_optimiser_each_time(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    here, path = xy.detach().clone().requires_grad_(), xy.detach().new_empty(n_iters, 2)
    for i in range(n_iters):
        path[i] = here.detach()
        optimizer = optimizer_class([here], **optimizer_hyperparams)
        optimizer.zero_grad()
        fn(here[0], here[1]).backward()
        optimizer.step()
    return path


@mistake(
    "opt_fn",
    zh="从传入的字典里取走了 `lr`：字典不许改动，而且别的优化器不一定有 `lr`。",
    en="It takes `lr` out of the dictionary: that must not change, and other optimisers needn't have an `lr`.",
)
def takes_lr_out(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    lr = optimizer_hyperparams.pop("lr")
    return path_of(optimizer_class, optimizer_hyperparams | {"lr": lr}, fn, xy, n_iters)


@mistake("opt_fn", zh="传入的字典被改动了。", en="The dictionary that was passed in has changed.")
def empties_the_dictionary(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    path = path_of(optimizer_class, optimizer_hyperparams, fn, xy, n_iters)
    optimizer_hyperparams.popitem()
    return path


@mistake(
    "opt_fn",
    zh="走的是 `xy` 本身：传入的张量不许改动，先拷贝。",
    en="It walks with `xy` itself: what is passed in must not change, so copy it first.",
)
def opt_moves_the_start(fn, xy, optimizer_class, optimizer_hyperparams, n_iters=100):
    path = path_of(optimizer_class, optimizer_hyperparams, fn, xy, n_iters + 1)
    xy.data.copy_(path[-1])
    return path[:-1]


def quadratic(A, start, factors, back=True, onto=True):
    """Each part times its factor, with a choice of faults."""
    curvatures, directions = torch.linalg.eigh(A)
    shares = directions.T @ start if onto else directions @ start
    parts = factors(curvatures) * shares
    return directions @ parts if back else parts


@mistake("quadratic_after", zh="多走了一步。", en="It takes a step too many.")
def one_step_more(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c) ** (n_iters + 1))


@mistake("quadratic_after", zh="少走了一步。", en="It takes a step too few.")
def one_step_less(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c) ** max(n_iters - 1, 0))


@mistake(
    "quadratic_after",
    zh="因子是 $1 + \\eta\\lambda$：往上坡走了。",
    en="The factor is $1 + \\eta\\lambda$: that is uphill.",
)
def uphill(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 + lr * c) ** n_iters)


@mistake("quadratic_after", zh="没有用学习率。", en="The learning rate isn't used.")
def no_lr(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - c) ** n_iters)


@mistake(
    "quadratic_after",
    zh="因子里的曲率多了一倍：$\\frac{1}{2} x^\\top A x$ 的梯度是 $A x$，不是 $2 A x$。",
    en="The curvature is doubled: the gradient of $\\frac{1}{2} x^\\top A x$ is $A x$, not $2 A x$.",
)
def twice_the_slope(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - 2 * lr * c) ** n_iters)


@mistake(
    "quadratic_after",
    zh="因子里的曲率只有一半：$\\frac{1}{2} x^\\top A x$ 的梯度是 $A x$。",
    en="The curvature is halved: the gradient of $\\frac{1}{2} x^\\top A x$ is $A x$.",
)
def half_the_slope(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c / 2) ** n_iters)


@mistake(
    "quadratic_after",
    zh="结果还在特征向量的坐标里：最后要拼回原来的坐标。",
    en="The result is still in the coordinates of the eigenvectors: put the parts together again.",
)
def not_turned_back(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c) ** n_iters, back=False)


@mistake(
    "quadratic_after",
    zh="拆的时候漏了转置：方向是 `directions` 的列，每一份是 `directions.T @ start`。",
    en="A transpose is missing where the start is taken apart: directions are columns, the parts are `directions.T @ start`.",
)
def no_transpose(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c) ** n_iters, onto=False)


@mistake(
    "quadratic_after",
    zh="起点没有拆开，就乘了各方向的因子。",
    en="The start is multiplied by the directions' factors without being taken apart.",
)
def not_taken_apart(A, start, lr, n_iters):
    curvatures, _ = torch.linalg.eigh(A)
    return (1 - lr * curvatures) ** n_iters * start


@mistake(
    "quadratic_after",
    zh="每步乘的是 $e^{-\\eta\\lambda}$：那是步子无穷小时的极限，这里应是 $1 - \\eta\\lambda$。",
    en="The factor of a step is $e^{-\\eta\\lambda}$, the limit of tiny steps: here it is $1 - \\eta\\lambda$.",
)
def flows(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (-lr * c * n_iters).exp())


@mistake(
    "quadratic_after",
    zh="$n$ 步的因子写成了 $1 - n\\eta\\lambda$：每步乘一次，是 $n$ 次方。",
    en="The factor of $n$ steps is $1 - n\\eta\\lambda$: it is multiplied at each step, so take the power $n$.",
)
def one_long_step(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: 1 - n_iters * lr * c)


@mistake(
    "quadratic_after",
    zh="因子取了绝对值：$1 - \\eta\\lambda$ 可以是负的，那时会来回跳。",
    en="The factor's sign is lost: $1 - \\eta\\lambda$ may be negative, and then the place jumps to and fro.",
)
def no_sign(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c).abs() ** n_iters)


@mistake(
    "quadratic_after",
    zh="因子在 float32 里算：float64 的结果只剩七位是对的。",
    en="The factors are worked out in float32: of a float64 result only seven digits are right.",
)
def factors_in_float32(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: ((1 - lr * c) ** n_iters).float().to(c.dtype))


@mistake(
    "quadratic_after",
    zh="只用了 $A$ 的对角线：斜着的曲率也要算，用特征向量。",
    en="Only the diagonal of $A$ is used: take its eigenvectors, curvature may lie at an angle.",
)
def by_diagonal(A, start, lr, n_iters):
    return (1 - lr * A.diagonal()) ** n_iters * start


@mistake(
    "quadratic_after",
    zh="乘方用对数来算：$1 - \\eta\\lambda$ 为负时成了 NaN。",
    en="The power is taken by way of a logarithm: where $1 - \\eta\\lambda$ is negative that makes NaN.",
)
def by_logarithm(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: ((1 - lr * c).log() * n_iters).exp())


@mistake(
    "quadratic_after",
    zh="负的曲率当成了 0：那个方向会越走越远。",
    en="Negative curvatures are taken for 0: along those the place moves further and further away.",
)
def never_negative(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c.relu()) ** n_iters)


@mistake(
    "quadratic_after",
    zh="负的曲率取了绝对值：那个方向会越走越远，不会靠近。",
    en="Negative curvatures lose their sign: along those the place moves away and not nearer.",
)
def positive_curvatures(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: (1 - lr * c.abs()) ** n_iters)


@mistake(
    "quadratic_after",
    zh="一步步走，一百万步就太慢：每个方向乘一次 $(1 - \\eta\\lambda)^n$。",
    en="It walks the steps, and a million take too long: multiply each direction once, by $(1 - \\eta\\lambda)^n$.",
)
def walks_them(A, start, lr, n_iters):
    place = start
    for _ in range(n_iters):
        place = place - A @ place * lr
    return place


def first_directions(A, start, lr, n_iters, count):
    curvatures, directions = torch.linalg.eigh(A)
    some = directions[:, :count]
    return some @ ((1 - lr * curvatures[:count]) ** n_iters * (some.T @ start))


@mistake(
    "quadratic_after",
    zh="只用了两个方向：$A$ 可以是任意大小。",
    en="Only two directions are used: $A$ may be of any size.",
)
def two_directions(A, start, lr, n_iters):
    if len(A) < 2:
        raise IndexError("index 1 is out of bounds for dimension 1 with size 1")
    return first_directions(A, start, lr, n_iters, 2)


@mistake(
    "quadratic_after",
    zh="只用了曲率最大的那个方向：每个方向都要算。",
    en="Only the direction of the largest curvature is used: every direction counts.",
)
def steepest_only(A, start, lr, n_iters):
    return quadratic(A, start, lambda c: torch.where(c == c.max(), (1 - lr * c) ** n_iters, 0.0))


@mistake(
    "quadratic_after",
    zh="$I - \\eta A$ 的乘方是逐元素算的：矩阵的乘方是 `torch.linalg.matrix_power`。",
    en="The power of $I - \\eta A$ is taken number by number: that of a matrix is `torch.linalg.matrix_power`.",
)
def power_of_each(A, start, lr, n_iters):
    return (torch.eye(len(A), dtype=A.dtype) - lr * A) ** n_iters @ start


@mistake(
    "best_lr", zh="学习率是 $1/L$：那是安全的，不是最好的。", en="The learning rate is $1/L$: safe, but not the best."
)
def one_over_largest(smallest, largest):
    return 1 / largest, 1 - smallest / largest


@mistake(
    "best_lr",
    zh="学习率是 $2/L$：最弯的方向正好不收敛。",
    en="The learning rate is $2/L$, where the most curved direction just fails to converge.",
)
def two_over_largest(smallest, largest):
    return 2 / largest, 1.0


@mistake(
    "best_lr",
    zh="学习率少了一半：分子是 2。",
    en="The learning rate is half of what it should be: the numerator is 2.",
)
def half_the_lr(smallest, largest):
    return 1 / (smallest + largest), (largest - smallest) / (largest + smallest)


@mistake(
    "best_lr",
    zh="两个数的顺序颠倒了：先学习率，后收敛率。",
    en="The two numbers have changed places: first the learning rate, then the rate of convergence.",
)
def rate_first(smallest, largest):
    return solutions.best_lr(smallest, largest)[::-1]


@mistake(
    "best_lr",
    zh="收敛率是负的：它是 $|1 - \\eta L|$，要取绝对值。",
    en="The rate of convergence is negative: it is $|1 - \\eta L|$, so take its absolute value.",
)
def negative_rate(smallest, largest):
    lr, rate = solutions.best_lr(smallest, largest)
    return lr, -rate


@mistake(
    "best_lr",
    zh="收敛率用了平方根：那是重球法的。",
    en="The rate of convergence has a root in it: that is the heavy ball's.",
)
def rate_by_root(smallest, largest):
    return 2 / (smallest + largest), solutions.momentum_rate(largest / smallest)


@mistake("best_lr", zh="第二个数是条件数，不是收敛率。", en="The second number is the condition number, not the rate.")
def gives_kappa(smallest, largest):
    return 2 / (smallest + largest), largest / smallest


@mistake("best_lr", zh="只返回了学习率。", en="It returns the learning rate only.")
def only_the_lr(smallest, largest):
    return 2 / (smallest + largest)


@mistake(
    "best_lr",
    zh="学习率取了 $1/\\ell$ 和 $1/L$ 的平均：要让两头一样慢。",
    en="The learning rate is the mean of $1/\\ell$ and $1/L$: make both ends equally slow instead.",
)
def mean_of_both(smallest, largest):
    lr = (1 / smallest + 1 / largest) / 2
    return lr, max(abs(1 - lr * smallest), abs(1 - lr * largest))


@mistake(
    "best_lr",
    zh="收敛率的分子分母颠倒了：它在 0 和 1 之间。",
    en="The rate is upside down: it lies between 0 and 1.",
)
def upside_down(smallest, largest):
    return 2 / (smallest + largest), (largest + smallest) / max(largest - smallest, 1e-12)


@mistake(
    "best_lr",
    zh="第二个数是一步*少掉*的份额：要的是剩下的。",
    en="The second number is the share that a step takes away: what is *left* is wanted.",
)
def what_goes(smallest, largest):
    lr, rate = solutions.best_lr(smallest, largest)
    return lr, 1 - rate


@mistake(
    "best_lr",
    zh="学习率用 $\\kappa$ 算，等于假定 $\\ell$ 是 1：它是 $2/(\\ell + L)$。",
    en="The learning rate is computed from $\\kappa$, as though $\\ell$ were 1: it is $2/(\\ell + L)$.",
)
def as_if_smallest_were_1(smallest, largest):
    kappa = largest / smallest
    return 2 / (1 + kappa), (kappa - 1) / (1 + kappa)


@mistake(
    "best_lr",
    zh="学习率少了一半（分子是 2），收敛率是照它算的。",
    en="The learning rate is half of what it should be (the numerator is 2), and the rate is what follows from it.",
)
def half_of_both(smallest, largest):
    return 1 / (smallest + largest), largest / (smallest + largest)


@mistake(
    "best_lr",
    zh="收敛率平方了：那是每步剩下的*损失*，这里要的是距离。",
    en="The rate is squared: that much of the *loss* is left after a step, and the distance is wanted.",
)
def of_the_loss(smallest, largest):
    lr, rate = solutions.best_lr(smallest, largest)
    return lr, rate**2


@mistake(
    "best_lr",
    zh="学习率是 $1/\\sqrt{\\ell L}$：要让两头一样慢，是 $2/(\\ell + L)$。",
    en="The learning rate is $1/\\sqrt{\\ell L}$: to make both ends equally slow it is $2/(\\ell + L)$.",
)
def geometric(smallest, largest):
    lr = 1 / math.sqrt(smallest * largest)
    return lr, max(abs(1 - lr * smallest), abs(1 - lr * largest))


def best_tried(smallest, largest, count):
    tried = [2 / largest * i / count for i in range(count + 1)]
    left = [max(abs(1 - lr * smallest), abs(1 - lr * largest)) for lr in tried]
    return tried[left.index(min(left))], min(left)


@mistake(
    "best_lr",
    zh="只试了一百来个学习率，第三位起就不准：用公式算。",
    en="It tries a hundred learning rates only, and is off from the third digit: use the formula.",
)
def a_hundred_tries(smallest, largest):
    return best_tried(smallest, largest, 100)


@mistake(
    "momentum_rate",
    zh="漏了根号：那是梯度下降的收敛率。",
    en="The root is missing: that is the rate of gradient descent.",
)
def without_root(kappa):
    return (kappa - 1) / (kappa + 1)


@mistake(
    "momentum_rate",
    zh="这是最好的动量 $\\beta$：收敛率是它的平方根。",
    en="That is the best momentum $\\beta$: the rate is its root.",
)
def the_momentum(kappa):
    return solutions.momentum_rate(kappa) ** 2


@mistake("momentum_rate", zh="分子分母颠倒了：它小于 1。", en="It is upside down: the rate is below 1.")
def inverted(kappa):
    return (math.sqrt(kappa) + 1) / max(math.sqrt(kappa) - 1, 1e-12)


@mistake(
    "momentum_rate",
    zh="这是 $1 - 1/\\sqrt\\kappa$：差一点，$\\kappa$ 很大时也少了一个 2。",
    en="That is $1 - 1/\\sqrt\\kappa$: close, but even for a large $\\kappa$ a 2 is missing.",
)
def one_minus_root(kappa):
    return 1 - 1 / math.sqrt(kappa)


@mistake(
    "momentum_rate",
    zh="这是 $1 - 2/\\sqrt\\kappa$：只在 $\\kappa$ 很大时近似，分母少了 1。",
    en="That is $1 - 2/\\sqrt\\kappa$, an approximation for a large $\\kappa$: the denominator lacks a 1.",
)
def nearly(kappa):
    return 1 - 2 / math.sqrt(kappa)


@mistake("momentum_rate", zh="根号多了一层。", en="One root too many.")
def fourth_root(kappa):
    return (kappa**0.25 - 1) / (kappa**0.25 + 1)


@mistake(
    "momentum_rate",
    zh="给整个分式开了方：要开方的是 $\\kappa$。",
    en="The root is taken of the whole fraction: take it of $\\kappa$.",
)
def root_of_all(kappa):
    return math.sqrt((kappa - 1) / (kappa + 1))


@mistake("momentum_rate", zh="这是 $1/\\sqrt\\kappa$。", en="That is $1/\\sqrt\\kappa$.")
def one_over_root(kappa):
    return 1 / math.sqrt(kappa)


@mistake(
    "momentum_rate",
    zh="根号取了整数部分：$\\kappa$ 不一定是平方数。",
    en="The root is cut to a whole number: $\\kappa$ needn't be a square.",
)
def whole_root(kappa):
    root = int(math.sqrt(kappa))
    return (root - 1) / (root + 1)


@mistake(
    "momentum_rate",
    zh="根号四舍五入成了整数：$\\kappa$ 不一定是平方数。",
    en="The root is rounded to a whole number: $\\kappa$ needn't be a square.",
)
def rounded_root(kappa):
    root = round(math.sqrt(kappa))
    return (root - 1) / (root + 1)


@mistake("momentum_rate", zh="正负号反了。", en="The sign is wrong.")
def negative(kappa):
    return -solutions.momentum_rate(kappa)


# What may go wrong with any optimiser


uncounted: Any = torch._C.DisableTorchFunction  # meanwhile the test of `ForeachAdam` counts no calls


def uphill_steps(base):
    class Uphill(base):
        @torch.no_grad()
        def step(self):
            with uncounted():
                before = [p.clone() for p in self.params()]
            super().step()
            with uncounted():
                for p, old in zip(self.params(), before, strict=True):
                    p.copy_(2 * old - p)

    return Uphill


def new_memory(base):
    class NewMemory(base):
        def step(self):
            super().step()
            with uncounted():
                for p in self.params():
                    p.data = p.data.clone()

    return NewMemory


def clears(base):
    class Clears(base):
        def step(self):
            super().step()
            self.zero_grad()

    return Clears


def fills_with_zeros(base):
    class FillsWithZeros(base):
        def zero_grad(self):
            for p in self.params():
                if p.grad is not None:
                    p.grad.zero_()

    return FillsWithZeros


def first_rate_for_ever(base):
    class FirstRateForEver(base):
        def __init__(self, params, *args, **kwargs):
            super().__init__(params, *args, **kwargs)
            self.first = [group["lr"] for group in self.param_groups]

        def step(self):
            now = [group["lr"] for group in self.param_groups]
            for group, lr in zip(self.param_groups, self.first, strict=False):
                group["lr"] = lr
            super().step()
            for group, lr in zip(self.param_groups, now, strict=True):
                group["lr"] = lr

    return FirstRateForEver


def kept_elsewhere(base):
    class KeptElsewhere(base):
        def state_dict(self):
            saved = super().state_dict()
            return saved | {"state": [{} for _ in saved["state"]]}

    return KeptElsewhere


def none_as_zero(base):
    class NoneAsZero(base):
        def step(self):
            without = [p for p in self.params() if p.grad is None]
            for p in without:
                p.grad = torch.zeros_like(p)
            super().step()
            for p in without:
                p.grad = None

    return NoneAsZero


def accepts_none(base):
    class AcceptsNone(base):
        def __init__(self, params, *args, **kwargs):
            params = list(params)
            super().__init__(params or [torch.zeros(1, requires_grad=True)], *args, **kwargs)

    return AcceptsNone


def walks_once(base):
    class WalksOnce(base):
        """The generator is walked in the first step, and empty in the second."""

        def step(self):
            super().step()
            for group in self.param_groups:
                group["params"] = []

    return WalksOnce


def gradients_changed(base, when, name):
    class ChangesGradients(base):
        @torch.no_grad()
        def step(self):
            super().step()
            decays = [group["weight_decay"] for group in self.param_groups for _ in group["params"]]
            with uncounted():
                for p, decay in zip(self.params(), decays, strict=True):
                    if p.grad is not None and when(decay):
                        p.grad = p.grad + 1

    ChangesGradients.__name__ = ChangesGradients.__qualname__ = name
    return ChangesGradients


def changes_gradients(base):
    return gradients_changed(base, lambda decay: decay != 0, "ChangesGradients")


def changes_bare_gradients(base):
    return gradients_changed(base, lambda decay: decay == 0, "ChangesBareGradients")


def changes_all_gradients(base):
    return gradients_changed(base, lambda decay: True, "ChangesAllGradients")


def never_moves(base):
    class NeverMoves(base):
        """What `p = p - …` does: the name gets a new tensor, and the parameter stays."""

        @torch.no_grad()
        def step(self):
            with uncounted():
                before = [p.clone() for p in self.params()]
            super().step()
            with uncounted():
                for p, old in zip(self.params(), before, strict=True):
                    p.copy_(old)

    return NeverMoves


def needs_axes(base):
    class NeedsAxes(base):
        def step(self):
            if any(p.ndim == 0 and p.grad is not None for p in self.params()):
                raise IndexError("slice() cannot be applied to a 0-dim tensor.")
            super().step()

    return NeedsAxes


def remembers_nothing(base):
    class RemembersNothing(base):
        def step(self):
            self.state.clear()
            super().step()

    return RemembersNothing


def turns_off_graphs(base):
    class TurnsOffGraphs(base):
        def step(self):
            super().step()
            for p in self.params():
                p.requires_grad_(False)

    return TurnsOffGraphs


ANY = {
    uphill_steps: (
        "往反方向走了：梯度指向上坡，要减去。",
        "It walks the wrong way: gradients point uphill, so subtract.",
    ),
    new_memory: (
        "参数换了一块内存：要就地改，别人手里的还是旧的那块。",
        "The parameter gets new memory: change it in place, for others hold the old one.",
    ),
    clears: ("`step` 把梯度清空了：那是 `zero_grad` 的事。", "`step` clears the gradients: that is for `zero_grad`."),
    fills_with_zeros: (
        "`zero_grad` 把梯度填成了 0：应设为 `None`。",
        "`zero_grad` fills gradients with 0: set them to `None`.",
    ),
    first_rate_for_ever: (
        '学习率一直是造它时的那个：途中改了 `group["lr"]`，下一步就该用新的。',
        'The learning rate stays as it was at first: once `group["lr"]` has changed, the next step should use it.',
    ),
    kept_elsewhere: (
        "记忆没有存进 `state_dict`：读回之后，又从头记起；要记的都放进 `state`。",
        "What it remembers isn't in `state_dict`: after loading it begins anew; keep all of it in `state`.",
    ),
    none_as_zero: (
        "没有梯度的参数被当作梯度为 0：它应当整个跳过，记忆也不动。",
        "A parameter without a gradient is treated as if it had one of 0: leave it out, and its memory as well.",
    ),
    accepts_none: ("没有参数时没有报 `ValueError`。", "Without parameters it doesn't raise `ValueError`."),
    walks_once: (
        "第一步之后，参数再也不动：生成器只能走一遍，要先存成列表。",
        "After the first step parameters never move again: a generator can be walked once, so make a list of it.",
    ),
    changes_gradients: (
        "权重衰减加进了 `p.grad` 本身：别用就地的加法。",
        "Weight decay is added to `p.grad` itself: don't add in place.",
    ),
    changes_bare_gradients: (
        "没有权重衰减时，`p.grad` 被改动了：那时 `grad` 就是它，别就地改。",
        "Without weight decay `p.grad` is changed: `grad` is that very tensor then, so don't change it in place.",
    ),
    changes_all_gradients: (
        "`p.grad` 的值被改动了：别就地改 `grad`。",
        "The values of `p.grad` are changed: don't change `grad` in place.",
    ),
    never_moves: (
        "参数不动：`p = …` 只让这个名字指向一个新张量，要就地改（如 `p.sub_(…)`）。",
        "Parameters don't move: `p = …` only gives that name to a new tensor; change it in place, as `p.sub_(…)` does.",
    ),
    needs_axes: (
        "参数是单个数（没有轴）时报错。",
        "It fails where a parameter is a single number, without axes.",
    ),
    remembers_nothing: (
        "什么也没有记住：每一步都从头开始，记忆要存进 `state`。",
        "Nothing is remembered: each step begins anew; what the next one needs goes into `state`.",
    ),
    turns_off_graphs: (
        "之后参数不再要求梯度：它应当仍是要求梯度的叶子。",
        "Afterwards parameters no longer require gradients: they should still be leaves that do.",
    ),
}


UNLIKE = {  # what an exercise can't show, or has under another name
    "AdamW": (changes_gradients, changes_bare_gradients),
    "SGD": (remembers_nothing,),
}


def register_any() -> None:
    for exercise in ("SGD", "Nesterov", "RMSprop", "Adam", "AdamW", "ForeachAdam"):
        for make, (zh, en) in ANY.items():
            if make in UNLIKE.get(exercise, ()):
                continue
            mistake(exercise, zh=zh, en=en)(make(getattr(solutions, exercise)))


register_any()


def zeros(state: dict, name: str, p: Tensor) -> Tensor:
    return state.setdefault(name, torch.zeros_like(p))


class FaultySGD(solutions.SGD):
    """SGD whose velocity and step a subclass may get wrong."""

    decay, keep = 1.0, None

    def velocity(self, old, grad, lr, momentum):
        return momentum * old + grad

    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(new, alpha=lr)

    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad + self.decay * weight_decay * p
        if not momentum:
            p.sub_(grad, alpha=lr)
            return
        old = zeros(state, "velocity", p)
        state["velocity"] = self.velocity(old, grad, lr, momentum)
        self.walk(p, grad, old, state["velocity"], lr, momentum)


@mistake("SGD", zh="权重衰减没有用上。", en="Weight decay isn't used.")
class NoDecay(FaultySGD):
    decay = 0.0


@mistake("SGD", zh="权重衰减的正负号反了：权重会变大。", en="The sign of weight decay is wrong: weights grow.")
class Grows(FaultySGD):
    decay = -1.0


@mistake("SGD", zh="权重衰减加了两倍。", en="Weight decay is added twice over.")
class DecaysTwice(FaultySGD):
    decay = 2.0


@mistake("SGD", zh="动量没有用上。", en="Momentum isn't used.")
class NoMomentum(FaultySGD):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(grad, alpha=lr)


@mistake(
    "SGD",
    zh="新梯度乘了 $1 - \\beta$：PyTorch 的速度是 $\\beta b + g$。",
    en="The new gradient is multiplied by $1 - \\beta$: PyTorch's velocity is $\\beta b + g$.",
)
class Averages(FaultySGD):
    def velocity(self, old, grad, lr, momentum):
        return momentum * old + (1 - momentum) * grad


@mistake(
    "SGD",
    zh="$\\beta$ 与 $1 - \\beta$ 颠倒了：旧速度留下 $\\beta$ 倍。",
    en="$\\beta$ and $1 - \\beta$ have changed places: $\\beta$ times the old velocity is kept.",
)
class KeepsTheRest(FaultySGD):
    def velocity(self, old, grad, lr, momentum):
        return (1 - momentum) * old + momentum * grad


@mistake(
    "SGD",
    zh="旧速度留下了 $1 - \\beta$ 倍：应是 $\\beta$ 倍。",
    en="$1 - \\beta$ times the old velocity is kept: it should be $\\beta$ times.",
)
class KeepsTheOther(FaultySGD):
    def velocity(self, old, grad, lr, momentum):
        return (1 - momentum) * old + grad


@mistake(
    "SGD",
    zh="用的是更新之前的速度：先更新，再走。",
    en="It walks by the velocity before its update: update first, then walk.",
)
class WalksFirst(FaultySGD):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(old, alpha=lr)


@mistake(
    "SGD",
    zh="学习率乘进了速度里：学习率一改，旧速度里还是从前的。",
    en="The learning rate is inside the velocity: when it changes, the old velocity still has the one before.",
)
class RateInVelocity(FaultySGD):
    def velocity(self, old, grad, lr, momentum):
        return momentum * old + lr * grad

    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(new)


@mistake("SGD", zh="这是 Nesterov 动量。", en="That is Nesterov momentum.")
class LooksAhead(FaultySGD):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(grad + momentum * new, alpha=lr)


@mistake(
    "SGD",
    zh="梯度加了两次：速度里已经有它。",
    en="The gradient is added twice: the velocity has it already.",
)
class GradientTwice(FaultySGD):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(grad + new, alpha=lr)


@mistake(
    "SGD", zh="速度一直累加，没有乘 `momentum`。", en="The velocity only adds up: it isn't multiplied by `momentum`."
)
class NeverForgets(FaultySGD):
    def velocity(self, old, grad, lr, momentum):
        return old + grad


@mistake(
    "SGD",
    zh="整个新速度都乘了 `momentum`：只有旧速度要乘。",
    en="The whole new velocity is multiplied by `momentum`: only the old one should be.",
)
class ShrinksAll(FaultySGD):
    def velocity(self, old, grad, lr, momentum):
        return momentum * (old + grad)


@mistake("SGD", zh="没有乘学习率。", en="The learning rate isn't used.")
class NoRate(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        super().update(p, grad, state, 1.0, momentum, weight_decay)


@mistake(
    "SGD",
    zh="权重衰减没有进速度：要先加到梯度上。",
    en="Weight decay doesn't go through the velocity: add it to the gradient first.",
)
class DecayApart(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        p.mul_(1 - lr * weight_decay)
        super().update(p, grad, state, lr, momentum, 0.0)


@mistake(
    "SGD",
    zh="存的是梯度张量本身：别人往里写新的梯度，速度就跟着变。",
    en="It keeps the gradient's own tensor: when a new gradient is written into it, the velocity changes too.",
)
class KeepsTheGradient(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        if momentum and not weight_decay and not state:
            state["velocity"] = grad
            p.sub_(grad, alpha=lr)
        elif momentum and not weight_decay:
            state["velocity"] = momentum * state["velocity"] + grad
            p.sub_(state["velocity"], alpha=lr)
        else:
            super().update(p, grad, state, lr, momentum, weight_decay)


@mistake(
    "SGD",
    zh="`momentum` 为 0 时也在攒速度：途中改成正数时，速度应从 0 开始。",
    en="It gathers a velocity while `momentum` is 0: when that becomes positive, the velocity should begin from 0.",
)
class GathersAlways(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad + weight_decay * p
        state["velocity"] = momentum * state.get("velocity", 0) + grad
        p.sub_(state["velocity"], alpha=lr)


@mistake(
    "SGD",
    zh="参数是 float64 时丢了几位：记忆是 float32 的；用 `torch.zeros_like(p)` 来造。",
    en="Where parameters are float64 digits get lost: memory is in float32; make it by `torch.zeros_like(p)`.",
)
class ShortVelocity(FaultySGD):
    def velocity(self, old, grad, lr, momentum):
        return super().velocity(old, grad, lr, momentum).float()


@mistake(
    "SGD",
    zh="速度从第一个梯度开始，接着又把它加了一次：应从 0 开始，第一个速度就是 $g$。",
    en="The velocity begins as the first gradient, which is then added once more: it begins from 0, so that the first is $g$.",
)
class FirstTwice(solutions.SGD):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad + weight_decay * p
        if momentum:
            grad = state["velocity"] = momentum * state.get("velocity", grad) + grad
        p.sub_(grad, alpha=lr)


class FaultyNesterov(FaultySGD):
    """The same with the look ahead."""

    def __init__(self, params, lr, momentum, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)

    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(grad + momentum * new, alpha=lr)


@mistake(
    "Nesterov",
    zh="这是普通的重球：最后一步要沿 $g + \\beta b$ 走，$b$ 是更新之后的。",
    en="That is the plain heavy ball: walk along $g + \\beta b$, with $b$ as it is after its update.",
)
class PlainBall(FaultyNesterov):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(new, alpha=lr)


@mistake("Nesterov", zh="漏了梯度：沿的是 $g + \\beta b$。", en="The gradient is missing: walk along $g + \\beta b$.")
class OnlyAhead(FaultyNesterov):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(momentum * new, alpha=lr)


@mistake(
    "Nesterov",
    zh="速度漏乘了 `momentum`：是 $g + \\beta b$。",
    en="The velocity isn't multiplied by `momentum`: it is $g + \\beta b$.",
)
class WholeVelocity(FaultyNesterov):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(grad + new, alpha=lr)


@mistake(
    "Nesterov",
    zh="速度加了两次：是 $g + \\beta b$，不是 $b + \\beta b$。",
    en="The velocity comes twice: it is $g + \\beta b$, not $b + \\beta b$.",
)
class VelocityTwice(FaultyNesterov):
    def walk(self, p, grad, old, new, lr, momentum):
        p.sub_(new + momentum * new, alpha=lr)


@mistake("Nesterov", zh="权重衰减没有用上。", en="Weight decay isn't used.")
class NesterovNoDecay(FaultyNesterov):
    decay = 0.0


@mistake("Nesterov", zh="新梯度乘了 $1 - \\beta$。", en="The new gradient is multiplied by $1 - \\beta$.")
class NesterovAverages(FaultyNesterov):
    def velocity(self, old, grad, lr, momentum):
        return momentum * old + (1 - momentum) * grad


@mistake(
    "Nesterov",
    zh="速度一直累加，没有乘 `momentum`。",
    en="The velocity only adds up: it isn't multiplied by `momentum`.",
)
class NesterovNeverForgets(FaultyNesterov):
    def velocity(self, old, grad, lr, momentum):
        return old + grad


@mistake(
    "Nesterov",
    zh="权重衰减只进了速度：公式里的两个 $g$ 都要加。",
    en="Weight decay is in the velocity only: both $g$ of the formula have it.",
)
class DecayOnce(solutions.Nesterov):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        velocity = zeros(state, "velocity", p).mul_(momentum).add_(grad + weight_decay * p)
        p.sub_(grad + momentum * velocity, alpha=lr)


@mistake(
    "Nesterov",
    zh="权重衰减没有进速度：要先加到梯度上。",
    en="Weight decay doesn't go through the velocity: add it to the gradient first.",
)
class NesterovDecayApart(solutions.Nesterov):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        p.mul_(1 - lr * weight_decay)
        super().update(p, grad, state, lr, momentum, 0.0)


@mistake("Nesterov", zh="学习率乘进了速度里。", en="The learning rate is inside the velocity.")
class NesterovRateInVelocity(solutions.Nesterov):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad + weight_decay * p
        velocity = zeros(state, "velocity", p).mul_(momentum).add_(grad, alpha=lr)
        p.sub_(lr * grad + momentum * velocity)


@mistake(
    "Nesterov",
    zh="速度从第一个梯度开始，接着又把它加了一次：应从 0 开始，第一个速度就是 $g$。",
    en="The velocity begins as the first gradient, which is then added once more: it begins from 0, so that the first is $g$.",
)
class NesterovFirstTwice(solutions.Nesterov):
    def update(self, p, grad, state, lr, momentum, weight_decay):
        grad = grad + weight_decay * p
        state["velocity"] = momentum * state.get("velocity", grad) + grad
        p.sub_(grad + momentum * state["velocity"], alpha=lr)


class FaultyRMSprop(solutions.RMSprop):
    """RMSprop in parts that a subclass may get wrong."""

    decay = 1.0

    def account(self, old, grad, alpha):
        return alpha * old + (1 - alpha) * grad**2

    def quotient(self, grad, square, eps):
        return grad / (square.sqrt() + eps)

    def velocity(self, old, quotient, grad, momentum):
        return momentum * old + quotient

    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        grad = grad + self.decay * weight_decay * p
        state["square"] = self.account(zeros(state, "square", p), grad, alpha)
        quotient = self.quotient(grad, state["square"], eps)
        if momentum:
            quotient = state["velocity"] = self.velocity(zeros(state, "velocity", p), quotient, grad, momentum)
        p.sub_(quotient, alpha=lr)


@mistake(
    "RMSprop", zh="$\\epsilon$ 加在了根号里面：应加在外面。", en="$\\epsilon$ is added inside the root: add it outside."
)
class EpsilonInside(FaultyRMSprop):
    def quotient(self, grad, square, eps):
        return grad / (square + eps).sqrt()


@mistake("RMSprop", zh="漏了开方：除以的是 $\\sqrt v$。", en="The root is missing: divide by $\\sqrt v$.")
class NoRoot(FaultyRMSprop):
    def quotient(self, grad, square, eps):
        return grad / (square + eps)


@mistake(
    "RMSprop",
    zh="没有加 $\\epsilon$：梯度是 0 时就成了 0 除以 0。",
    en="$\\epsilon$ is missing: a gradient of 0 makes 0 divided by 0.",
)
class NoEpsilon(FaultyRMSprop):
    def quotient(self, grad, square, eps):
        return grad / square.sqrt()


@mistake(
    "RMSprop",
    zh="$\\alpha$ 与 $1 - \\alpha$ 颠倒了：旧的留 $\\alpha$ 倍。",
    en="$\\alpha$ and $1 - \\alpha$ have changed places: $\\alpha$ of the old is kept.",
)
class AlphaSwapped(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return (1 - alpha) * old + alpha * grad**2


@mistake("RMSprop", zh="平方一直累加：要的是滑动平均。", en="The squares only add up: take their moving average.")
class AddsUp(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return old + grad**2


@mistake("RMSprop", zh="新的平方没有乘 $1 - \\alpha$。", en="The new square isn't multiplied by $1 - \\alpha$.")
class WholeSquare(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return alpha * old + grad**2


@mistake(
    "RMSprop",
    zh="梯度没有平方：账里是梯度的大小。",
    en="Gradients aren't squared: the account holds their absolute values.",
)
class NotSquared(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return alpha * old + (1 - alpha) * grad.abs()


@mistake(
    "RMSprop",
    zh="没有用滑动平均：每步只除以自己，剩下的只有正负号。",
    en="There is no moving average: each gradient is divided by itself, and only its sign is left.",
)
class OnlyTheSign(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return grad**2


@mistake("RMSprop", zh="动量没有用上。", en="Momentum isn't used.")
class RMSpropNoMomentum(FaultyRMSprop):
    def velocity(self, old, quotient, grad, momentum):
        return quotient


@mistake(
    "RMSprop",
    zh="进速度的是梯度，没有除以 $\\sqrt v + \\epsilon$：应当是商。",
    en="The gradient goes into the velocity, not divided by $\\sqrt v + \\epsilon$: it should be the quotient.",
)
class GradientInVelocity(FaultyRMSprop):
    def velocity(self, old, quotient, grad, momentum):
        return momentum * old + grad


@mistake(
    "RMSprop",
    zh="商乘了 $1 - \\beta$ 才进速度。",
    en="The quotient is multiplied by $1 - \\beta$ before it goes into the velocity.",
)
class RMSpropAverages(FaultyRMSprop):
    def velocity(self, old, quotient, grad, momentum):
        return momentum * old + (1 - momentum) * quotient


@mistake(
    "RMSprop",
    zh="梯度先进速度，再除：应当先除，商再进速度。",
    en="Gradients go through the velocity and are divided afterwards: divide first, the quotient goes in.",
)
class DividesLast(solutions.RMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        grad = grad + weight_decay * p
        square = zeros(state, "square", p).mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        velocity = zeros(state, "velocity", p).mul_(momentum).add_(grad)
        p.sub_(velocity / (square.sqrt() + eps), alpha=lr)


@mistake("RMSprop", zh="权重衰减没有用上。", en="Weight decay isn't used.")
class RMSpropNoDecay(FaultyRMSprop):
    decay = 0.0


@mistake(
    "RMSprop",
    zh="账里的梯度没有加权重衰减：先加，再更新账。",
    en="The account is made of gradients without weight decay: add it first.",
)
class DecayAfterAccount(solutions.RMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        square = zeros(state, "square", p).mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        quotient = (grad + weight_decay * p) / (square.sqrt() + eps)
        if momentum:
            quotient = zeros(state, "velocity", p).mul_(momentum).add_(quotient)
        p.sub_(quotient, alpha=lr)


@mistake(
    "RMSprop",
    zh="权重衰减是解耦的（直接乘权重）：这里要加到梯度上。",
    en="Weight decay is decoupled (it multiplies the weight): here it is added to the gradient.",
)
class RMSpropDecoupled(solutions.RMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        p.mul_(1 - lr * weight_decay)
        super().update(p, grad, state, lr, alpha, eps, 0.0, momentum)


@mistake(
    "RMSprop",
    zh="账做了偏差修正：RMSprop 没有，它的第一步本来就大。",
    en="The account has a bias correction: RMSprop has none, and its first steps are large.",
)
class Corrected(solutions.RMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        grad = grad + weight_decay * p
        state["t"] = state.get("t", 0) + 1
        square = zeros(state, "square", p).mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        quotient = grad / ((square / (1 - alpha ** state["t"])).sqrt() + eps)
        if momentum:
            quotient = zeros(state, "velocity", p).mul_(momentum).add_(quotient)
        p.sub_(quotient, alpha=lr)


@mistake(
    "Nesterov",
    zh="参数是 float64 时丢了几位：记忆是 float32 的；用 `torch.zeros_like(p)` 来造。",
    en="Where parameters are float64 digits get lost: memory is in float32; make it by `torch.zeros_like(p)`.",
)
class ShortNesterovVelocity(FaultyNesterov):
    def velocity(self, old, grad, lr, momentum):
        return super().velocity(old, grad, lr, momentum).float()


@mistake(
    "RMSprop",
    zh="参数是 float64 时丢了几位：记忆是 float32 的；用 `torch.zeros_like(p)` 来造。",
    en="Where parameters are float64 digits get lost: memory is in float32; make it by `torch.zeros_like(p)`.",
)
class ShortAccount(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return super().account(old, grad, alpha).float()


@mistake(
    "RMSprop",
    zh="开方是就地做的（`sqrt_`）：账本身变成了它的根，下一步就错了。",
    en="The root is taken in place (`sqrt_`): the account itself becomes its root, which spoils the next steps.",
)
class KeepsTheRoot(FaultyRMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        super().update(p, grad, state, lr, alpha, eps, weight_decay, momentum)
        state["square"] = state["square"].sqrt()


@mistake(
    "RMSprop",
    zh="$v$ 从第一个梯度的平方开始：应从 0 开始。",
    en="$v$ begins as the first gradient's square: it should begin at 0.",
)
class StartsWarm(FaultyRMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        state.setdefault("square", (grad + weight_decay * p) ** 2)
        super().update(p, grad, state, lr, alpha, eps, weight_decay, momentum)


@mistake(
    "RMSprop",
    zh="整个张量只有一个尺度（平方的平均）：每个数要有自己的。",
    en="The whole tensor has one scale, the mean of its squares: each number should have its own.",
)
class OneScale(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return alpha * old + (1 - alpha) * (grad**2).mean()


@mistake(
    "RMSprop",
    zh="整个张量只有一个尺度（平方的和）：每个数要有自己的。",
    en="The whole tensor has one scale, the sum of its squares: each number should have its own.",
)
class OneLength(FaultyRMSprop):
    def account(self, old, grad, alpha):
        return alpha * old + (1 - alpha) * (grad**2).sum()


@mistake(
    "RMSprop",
    zh="学习率乘进了速度里：学习率一改，旧速度里还是从前的。",
    en="The learning rate is inside the velocity: when it changes, the old velocity still has the one before.",
)
class RMSpropRateInVelocity(FaultyRMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        grad = grad + weight_decay * p
        state["square"] = self.account(zeros(state, "square", p), grad, alpha)
        step = lr * self.quotient(grad, state["square"], eps)
        if momentum:
            step = zeros(state, "velocity", p).mul_(momentum).add_(step)
        p.sub_(step)


@mistake(
    "RMSprop",
    zh="除的时候用的是更新之前的 $v$：先更新，再除。",
    en="It divides by $v$ as it was before its update: update first, then divide.",
)
class DividesByTheOld(FaultyRMSprop):
    def update(self, p, grad, state, lr, alpha, eps, weight_decay, momentum):
        grad, old = grad + weight_decay * p, zeros(state, "square", p)
        state["square"] = self.account(old, grad, alpha)
        quotient = self.quotient(grad, old, eps)
        if momentum:
            quotient = zeros(state, "velocity", p).mul_(momentum).add_(quotient)
        p.sub_(quotient, alpha=lr)


class FaultyAdam(solutions.Adam):
    """Adam in parts that a subclass may get wrong."""

    decay = 1.0

    def averages(self, m, v, grad, b1, b2):
        return b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2

    def shares(self, t, b1, b2):
        return 1 - b1**t, 1 - b2**t

    def quotient(self, m, v, share1, share2, eps):
        return m / share1 / ((v / share2).sqrt() + eps)

    def count(self, state):
        state["t"] = state.get("t", 0) + 1
        return state["t"]

    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        grad = grad + self.decay * weight_decay * p
        t = self.count(state)
        m, v = self.averages(zeros(state, "m", p), zeros(state, "v", p), grad, *betas)
        state["m"], state["v"] = m, v
        p.sub_(self.quotient(m, v, *self.shares(t, *betas), eps), alpha=lr)


@mistake("Adam", zh="没有偏差修正。", en="There is no bias correction.")
class Uncorrected(FaultyAdam):
    def shares(self, t, b1, b2):
        return 1.0, 1.0


@mistake("Adam", zh="只修正了 $m$，没有修正 $v$。", en="Only $m$ is corrected, and $v$ isn't.")
class OnlyMeanCorrected(FaultyAdam):
    def shares(self, t, b1, b2):
        return 1 - b1**t, 1.0


@mistake("Adam", zh="只修正了 $v$，没有修正 $m$。", en="Only $v$ is corrected, and $m$ isn't.")
class OnlySquareCorrected(FaultyAdam):
    def shares(self, t, b1, b2):
        return 1.0, 1 - b2**t


@mistake("Adam", zh="修正时总用 $t = 1$：没有乘方。", en="The correction always has $t = 1$: the power is missing.")
class NoPower(FaultyAdam):
    def shares(self, t, b1, b2):
        return 1 - b1, 1 - b2


@mistake("Adam", zh="步数多了一：第一步 $t = 1$。", en="The count is one too high: at the first step $t = 1$.")
class CountsAhead(FaultyAdam):
    def shares(self, t, b1, b2):
        return 1 - b1 ** (t + 1), 1 - b2 ** (t + 1)


@mistake("Adam", zh="步数从 0 数起：第一步就除以 0。", en="It counts from 0: the first step divides by 0.")
class CountsBehind(FaultyAdam):
    def shares(self, t, b1, b2):
        return (1 - b ** torch.tensor(float(t - 1)) for b in (b1, b2))


@mistake(
    "Adam",
    zh="修正乘在了上面：应当*除以* $1 - \\beta^t$。",
    en="The correction multiplies: *divide* by $1 - \\beta^t$.",
)
class MultipliesByShares(FaultyAdam):
    def shares(self, t, b1, b2):
        return 1 / (1 - b1**t), 1 / (1 - b2**t)


@mistake(
    "Adam",
    zh="两个 $\\beta$ 颠倒了：第一个管梯度，第二个管平方。",
    en="The two $\\beta$ have changed places: the first is for gradients, the second for squares.",
)
class BetasSwapped(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        return super().averages(m, v, grad, b2, b1)

    def shares(self, t, b1, b2):
        return super().shares(t, b2, b1)


@mistake(
    "Adam",
    zh="$\\beta$ 与 $1 - \\beta$ 颠倒了：旧的留 $\\beta$ 倍。",
    en="$\\beta$ and $1 - \\beta$ have changed places: $\\beta$ of the old is kept.",
)
class NewKeepsBeta(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        return (1 - b1) * m + b1 * grad, (1 - b2) * v + b2 * grad**2


@mistake("Adam", zh="梯度没有平方。", en="Gradients aren't squared.")
class AdamNotSquared(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        return b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad.abs()


@mistake("Adam", zh="平方的是 $m$，不是梯度。", en="What is squared is $m$, not the gradient.")
class SquaresTheMean(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        m = b1 * m + (1 - b1) * grad
        return m, b2 * v + (1 - b2) * m**2


@mistake(
    "Adam",
    zh="新梯度没有乘 $1 - \\beta_1$：这里 $m$ 是平均，不是速度。",
    en="The new gradient isn't multiplied by $1 - \\beta_1$: here $m$ is an average, not a velocity.",
)
class MeanAddsUp(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        return b1 * m + grad, b2 * v + (1 - b2) * grad**2


@mistake("Adam", zh="$\\epsilon$ 加在了根号里面。", en="$\\epsilon$ is added inside the root.")
class AdamEpsilonInside(FaultyAdam):
    def quotient(self, m, v, share1, share2, eps):
        return m / share1 / (v / share2 + eps).sqrt()


@mistake(
    "Adam",
    zh="$\\epsilon$ 加在修正之前的根上：应先修正，再加。",
    en="$\\epsilon$ is added to the root before its correction: correct first, then add.",
)
class EpsilonTooEarly(FaultyAdam):
    def quotient(self, m, v, share1, share2, eps):
        return m / share1 * math.sqrt(share2) / (v.sqrt() + eps)


@mistake("Adam", zh="漏了开方。", en="The root is missing.")
class AdamNoRoot(FaultyAdam):
    def quotient(self, m, v, share1, share2, eps):
        return m / share1 / (v / share2 + eps)


@mistake("Adam", zh="没有加 $\\epsilon$。", en="$\\epsilon$ is missing.")
class AdamNoEpsilon(FaultyAdam):
    def quotient(self, m, v, share1, share2, eps):
        return m / share1 / (v / share2).sqrt()


@mistake(
    "Adam",
    zh="分子用的是梯度，不是它的平均 $\\hat m$。",
    en="The numerator is the gradient, not its average $\\hat m$.",
)
class NoMean(solutions.Adam):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        super().update(p, grad, state, lr, (0.0, betas[1]), eps, weight_decay)


@mistake("Adam", zh="权重衰减没有用上。", en="Weight decay isn't used.")
class AdamNoDecay(FaultyAdam):
    decay = 0.0


@mistake(
    "Adam",
    zh="这是 AdamW：Adam 的权重衰减加到梯度上。",
    en="That is AdamW: in Adam weight decay is added to the gradient.",
)
class IsAdamW(solutions.Adam):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        p.mul_(1 - lr * weight_decay)
        super().update(p, grad, state, lr, betas, eps, 0.0)


@mistake(
    "Adam",
    zh="修正过的值写回了账里：账要照旧记。",
    en="The corrected values are written back: the accounts must go on as before.",
)
class WritesBack(FaultyAdam):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        super().update(p, grad, state, lr, betas, eps, weight_decay)
        share1, share2 = self.shares(state["t"], *betas)
        state["m"], state["v"] = state["m"] / share1, state["v"] / share2


@mistake(
    "Adam",
    zh="步数是所有参数共用的：每个参数只数自己有梯度的步。",
    en="All parameters share one count: each should count only the steps in which it has a gradient.",
)
class OneCount(FaultyAdam):
    steps = 0

    def step(self):
        self.steps += 1
        super().step()

    def count(self, state):
        state["t"] = self.steps
        return self.steps


@mistake(
    "Adam",
    zh="步数每更新一个参数就加一：应当每个参数各数各的。",
    en="The count goes up with each parameter that is updated: each should have its own.",
)
class CountsUpdates(FaultyAdam):
    updates = 0

    def count(self, state):
        self.updates += 1
        return self.updates


@mistake(
    "Adam",
    zh="参数是 float64 时丢了几位：记忆是 float32 的；用 `torch.zeros_like(p)` 来造。",
    en="Where parameters are float64 digits get lost: memory is in float32; make it by `torch.zeros_like(p)`.",
)
class ShortAverages(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        return [average.float() for average in super().averages(m, v, grad, b1, b2)]


@mistake(
    "Adam",
    zh="没有梯度的步也数了：每个参数只数自己有梯度的步。",
    en="Steps without a gradient are counted, too: each parameter counts only those in which it has one.",
)
class CountsEveryStep(FaultyAdam):
    def step(self):
        for p in self.params():
            memory = self.state.setdefault(p, {})
            memory["t"] = memory.get("t", 0) + 1
        super().step()

    def count(self, state):
        return state["t"]


@mistake(
    "Adam",
    zh="先开方，再除以 $1 - \\beta_2^t$：应先除 $v$，再开方。",
    en="The root is taken first and then divided by $1 - \\beta_2^t$: divide $v$, and then take the root.",
)
class CorrectsTheRoot(FaultyAdam):
    def quotient(self, m, v, share1, share2, eps):
        return m / share1 / (v.sqrt() / share2 + eps)


class DecaysHalf(FaultyAdam):
    """Weight decay in one of the two averages only."""

    in_mean = True

    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        decayed, t = grad + weight_decay * p, self.count(state)
        in_m, in_v = (decayed, grad) if self.in_mean else (grad, decayed)
        m = zeros(state, "m", p).lerp_(in_m, 1 - betas[0])
        v = zeros(state, "v", p).lerp_(in_v**2, 1 - betas[1])
        p.sub_(self.quotient(m, v, *self.shares(t, *betas), eps), alpha=lr)


@mistake(
    "Adam",
    zh="权重衰减只进了 $m$：$v$ 用的梯度也要加。",
    en="Weight decay is in $m$ only: the gradient for $v$ has it as well.",
)
class DecayInMeanOnly(DecaysHalf):
    pass


@mistake(
    "Adam",
    zh="权重衰减只进了 $v$：$m$ 用的梯度也要加。",
    en="Weight decay is in $v$ only: the gradient for $m$ has it as well.",
)
class DecayInSquareOnly(DecaysHalf):
    in_mean = False


@mistake(
    "Adam",
    zh="平方的是*修正过的* $\\hat m$，不是梯度。",
    en="What is squared is $\\hat m$, the corrected average, and not the gradient.",
)
class SquaresTheCorrected(FaultyAdam):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        grad, t = grad + weight_decay * p, self.count(state)
        m, (share1, share2) = zeros(state, "m", p).lerp_(grad, 1 - betas[0]), self.shares(t, *betas)
        v = zeros(state, "v", p).lerp_((m / share1) ** 2, 1 - betas[1])
        p.sub_(self.quotient(m, v, share1, share2, eps), alpha=lr)


@mistake(
    "Adam",
    zh="先走一步，再更新两份平均：应先更新。",
    en="It steps before it updates the two averages: update first.",
)
class StepsFirst(FaultyAdam):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        grad, t = grad + weight_decay * p, self.count(state)
        m, v = zeros(state, "m", p), zeros(state, "v", p)
        state["m"], state["v"] = self.averages(m, v, grad, *betas)
        p.sub_(self.quotient(m, v, *self.shares(t, *betas), eps), alpha=lr)


@mistake(
    "Adam",
    zh="两份平均没有存回 `state`，每一步都从 0 开始，$t$ 却接着数。",
    en="The two averages don't get back into `state` and begin at 0 in each step, while $t$ goes on.",
)
class AveragesLost(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        return super().averages(torch.zeros_like(m), torch.zeros_like(v), grad, b1, b2)


@mistake(
    "Adam",
    zh="整个张量只有一个尺度（平方的平均）：每个数要有自己的。",
    en="The whole tensor has one scale, the mean of its squares: each number should have its own.",
)
class AdamOneScale(FaultyAdam):
    def averages(self, m, v, grad, b1, b2):
        return b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * (grad**2).mean()


class FaultyAdamW(solutions.AdamW):
    """Adam with a wrong decay around it."""

    def before(self, p, lr, decay):
        pass

    def after(self, p, lr, decay):
        pass

    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        self.before(p, lr, weight_decay)
        solutions.Adam.update(self, p, grad, state, lr, betas, eps, 0.0)
        self.after(p, lr, weight_decay)


@mistake("AdamW", zh="权重衰减没有用上。", en="Weight decay isn't used.")
class NeverDecays(FaultyAdamW):
    pass


@mistake("AdamW", zh="这是 Adam：权重衰减加到了梯度上。", en="That is Adam: weight decay is added to the gradient.")
class IsAdam(solutions.AdamW):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        solutions.Adam.update(self, p, grad, state, lr, betas, eps, weight_decay)


@mistake(
    "AdamW",
    zh="衰减了两次：`super().update` 里的权重衰减要换成 0。",
    en="It decays twice: hand a weight decay of 0 to `super().update`.",
)
class DecaysBothWays(solutions.AdamW):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        p.mul_(1 - lr * weight_decay)
        solutions.Adam.update(self, p, grad, state, lr, betas, eps, weight_decay)


@mistake(
    "AdamW", zh="衰减漏乘了学习率：是 $1 - \\eta c$。", en="The decay lacks the learning rate: it is $1 - \\eta c$."
)
class DecayWithoutRate(FaultyAdamW):
    def before(self, p, lr, decay):
        p.mul_(1 - decay)


@mistake("AdamW", zh="先走了一步再衰减：应当先衰减。", en="It takes the step and then decays: decay first.")
class DecaysAfterwards(FaultyAdamW):
    def after(self, p, lr, decay):
        p.mul_(1 - lr * decay)


@mistake(
    "AdamW",
    zh="权重变大了：是 $1 - \\eta c$，不是 $1 + \\eta c$。",
    en="Weights grow: it is $1 - \\eta c$, not $1 + \\eta c$.",
)
class GrowsInstead(FaultyAdamW):
    def before(self, p, lr, decay):
        p.mul_(1 + lr * decay)


@mistake(
    "AdamW",
    zh="参数乘了 $\\eta c$，几乎归零：应乘 $1 - \\eta c$。",
    en="The parameter is multiplied by $\\eta c$ and nearly vanishes: it should be $1 - \\eta c$.",
)
class OnlyTheDecay(FaultyAdamW):
    def before(self, p, lr, decay):
        p.mul_(lr * decay)


@mistake(
    "AdamW",
    zh="减去的是 $\\eta c$ 本身，不是 $\\eta c$ 乘权重。",
    en="What is subtracted is $\\eta c$ itself, not $\\eta c$ times the weight.",
)
class SubtractsTheDecay(FaultyAdamW):
    def before(self, p, lr, decay):
        p.sub_(lr * decay)


@mistake(
    "AdamW",
    zh="衰减朝 0 走固定的一步（L1）：应当按权重的比例。",
    en="It decays towards 0 by a fixed amount (L1): it should be in proportion to the weight.",
)
class DecaysBySign(FaultyAdamW):
    def before(self, p, lr, decay):
        p.sub_(lr * decay * p.sign())


@mistake(
    "AdamW",
    zh="没有梯度的参数也衰减了：它应当整个跳过。",
    en="A parameter without a gradient decays as well: it should be left out.",
)
class DecaysAll(solutions.AdamW):
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    p.mul_(1 - group["lr"] * group["weight_decay"])
        super().step()


@mistake("AdamW", zh="`weight_decay` 的默认值应是 0.01。", en="The default of `weight_decay` should be 0.01.")
class DefaultsToNoDecay(solutions.AdamW):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, betas, eps, weight_decay)


@mistake(
    "AdamW",
    zh="只有至少两个轴的参数才衰减：这里所有参数都衰减，区分它们是参数组的事。",
    en="Only parameters of two axes or more decay: here all of them should; telling them apart is the task of parameter groups.",
)
class SparesVectors(FaultyAdamW):
    def before(self, p, lr, decay):
        if p.ndim > 1:
            p.mul_(1 - lr * decay)


@mistake(
    "AdamW",
    zh="单个数（没有轴的参数）没有衰减：所有参数都衰减。",
    en="Single numbers, parameters without axes, don't decay: all parameters do.",
)
class SparesNumbers(FaultyAdamW):
    def before(self, p, lr, decay):
        if p.ndim:
            p.mul_(1 - lr * decay)


@mistake(
    "AdamW",
    zh="只做了衰减，没有走 Adam 的那一步。",
    en="It only decays, and takes no step of Adam.",
)
class DecaysOnly(solutions.AdamW):
    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        p.mul_(1 - lr * weight_decay)


class FaultyGroups(solutions.GroupedSGD):
    """Groups with a choice of faults: `groups` gets those of the right answer, and the settings of `__init__`."""

    def groups(self, groups, defaults):
        return groups

    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        self.param_groups = self.groups(self.param_groups, defaults)


@mistake(
    "GroupedSGD",
    zh="各组自己的设置没有用上：组里写的优先于 `__init__` 的参数。",
    en="The groups' own settings aren't used: what a group names wins over the arguments of `__init__`.",
)
class DefaultsWin(FaultyGroups):
    def groups(self, groups, defaults):
        return [group | defaults for group in groups]


@mistake("GroupedSGD", zh="所有组都用了第一组的设置。", en="All groups have the settings of the first.")
class FirstForAll(FaultyGroups):
    def groups(self, groups, defaults):
        return [group | {key: groups[0][key] for key in defaults} for group in groups]


@mistake("GroupedSGD", zh="只留下了第一组。", en="Only the first group is kept.")
class OnlyTheFirst(FaultyGroups):
    def groups(self, groups, defaults):
        return groups[:1]


@mistake("GroupedSGD", zh='组里其他的键（如 `"name"`）丢了。', en='Other keys of a group, such as `"name"`, are lost.')
class DropsOtherKeys(FaultyGroups):
    def groups(self, groups, defaults):
        return [{key: group[key] for key in ("params", *defaults)} for group in groups]


@mistake(
    "GroupedSGD",
    zh="空的组被丢掉了：旁边有别的组时，空的组照留，各组的位置才不变。",
    en="Empty groups are dropped: beside other groups they stay, so that each group keeps its place.",
)
class DropsEmptyGroups(FaultyGroups):
    def groups(self, groups, defaults):
        return [group for group in groups if group["params"]]


@mistake("GroupedSGD", zh="几组并成了一组。", en="The groups have been merged into one.")
class MergesAll(FaultyGroups):
    def groups(self, groups, defaults):
        return [groups[0] | {"params": [p for group in groups for p in group["params"]]}]


@mistake("GroupedSGD", zh="组的顺序反了。", en="The groups are in reverse order.")
class ReversesGroups(FaultyGroups):
    def groups(self, groups, defaults):
        return groups[::-1]


@mistake(
    "GroupedSGD",
    zh="只有 `lr` 用上了各组自己的，`momentum` 和 `weight_decay` 没有。",
    en="Only `lr` is each group's own, and `momentum` and `weight_decay` aren't.",
)
class OnlyTheRate(FaultyGroups):
    def groups(self, groups, defaults):
        return [defaults | group | {key: defaults[key] for key in ("momentum", "weight_decay")} for group in groups]


def entries(params) -> list[Any]:
    given = list(params)
    return given if given and isinstance(given[0], dict) else [{"params": given}]


@mistake(
    "GroupedSGD",
    zh="没有检查重复：一个参数出现两次时应报 `ValueError`。",
    en="It doesn't look for repetitions: a parameter that occurs twice should raise `ValueError`.",
)
class AllowsTwice(solutions.SGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        groups = [group | {"params": solutions.listed(group["params"])} for group in entries(params)]
        super().__init__([p for group in groups for p in group["params"]], lr, momentum, weight_decay)
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        self.param_groups = [defaults | group for group in groups]


@mistake(
    "GroupedSGD",
    zh="同一组里的重复没有发现：只比较了不同的组。",
    en="A repetition within a group isn't found: it only compares different groups.",
)
class ComparesGroupsOnly(AllowsTwice):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)
        seen: set[Tensor] = set()
        for group in self.param_groups:
            if seen & set(group["params"]):
                raise ValueError("twice")
            seen |= set(group["params"])


@mistake(
    "GroupedSGD",
    zh="不同组之间的重复没有发现：只看了每组里面。",
    en="A repetition across groups isn't found: it only looks within each.",
)
class ComparesWithinOnly(AllowsTwice):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)
        if any(len(set(group["params"])) < len(group["params"]) for group in self.param_groups):
            raise ValueError("twice")


@mistake(
    "GroupedSGD",
    zh="值相同的两个参数被当成了同一个：要按是不是同一个对象来比。",
    en="Two parameters of equal values are taken for one: compare by being the same object.",
)
class ComparesValues(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)
        every = self.params()
        if any(p.equal(q) for i, p in enumerate(every) for q in every[:i] if p.shape == q.shape):
            raise ValueError("twice")


@mistake("GroupedSGD", zh="传入的字典被改动了：先造新的。", en="The dictionaries passed in are changed: make new ones.")
class CompletesTheGiven(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given = entries(params)
        super().__init__(given, lr, momentum, weight_decay)
        for mine, theirs in zip(self.param_groups, given, strict=True):
            theirs.update({key: value for key, value in mine.items() if key != "params"})


@mistake(
    "GroupedSGD",
    zh='`"params"` 用的就是传入的那个列表：要造新的。',
    en='`"params"` is the very list that was passed in: make a new one.',
)
class KeepsTheList(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given = entries(params)
        super().__init__(given, lr, momentum, weight_decay)
        for mine, theirs in zip(self.param_groups, given, strict=True):
            if isinstance(theirs["params"], list):
                mine["params"] = theirs["params"]


@mistake(
    "GroupedSGD",
    zh="`param_groups` 里就是传入的那些字典，被补全了：先造新的。",
    en="`param_groups` holds the very dictionaries that were passed in, which get completed: make new ones.",
)
class UsesTheGiven(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given = entries(params)
        super().__init__(given, lr, momentum, weight_decay)
        for mine, theirs in zip(self.param_groups, given, strict=True):
            theirs.update(mine)
        self.param_groups = given


@mistake(
    "GroupedSGD",
    zh="组里写的 0 被当作没有写（`or`、`if group[…]`）：0 也是设置，看键在不在。",
    en="A 0 in a group is taken for missing (by `or`, say): 0 is a setting as well, so look whether the key is there.",
)
class ZeroIsMissing(FaultyGroups):
    def groups(self, groups, defaults):
        return [group | {key: group[key] or value for key, value in defaults.items()} for group in groups]


@mistake(
    "GroupedSGD",
    zh='一组的 `"params"` 是生成器时成了空的：找重复时已经走完，先存成列表。',
    en='Where the `"params"` of a group are a generator, it ends up empty: looking for repetitions uses it up; make a list first.',
)
class EmptiesGenerators(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given = entries(params)
        super().__init__(given, lr, momentum, weight_decay)
        for mine, theirs in zip(self.param_groups, given, strict=True):
            if not isinstance(theirs["params"], list | tuple | Tensor):
                mine["params"] = []


@mistake(
    "GroupedSGD",
    zh="`params` 是生成器时报错：它没有下标和长度，先存成列表。",
    en="It fails where `params` is a generator, which has no index and no length: make a list first.",
)
class FailsOnGenerators(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        if not isinstance(params, list):
            raise TypeError("object is not subscriptable")
        super().__init__(params, lr, momentum, weight_decay)


@mistake(
    "GroupedSGD",
    zh='一组的 `"params"` 是生成器时报错：先存成列表。',
    en='It fails where the `"params"` of a group are a generator: make a list first.',
)
class FailsOnLazyGroups(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given = entries(params)
        if any(not isinstance(group["params"], list | tuple | Tensor) for group in given):
            raise TypeError("object of type 'generator' has no len()")
        super().__init__(given, lr, momentum, weight_decay)


@mistake(
    "GroupedSGD",
    zh="有组，组里却没有参数时，没有报 `ValueError`。",
    en="Groups without any parameter in them don't raise `ValueError`.",
)
class AcceptsEmptyGroups(AllowsTwice):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        groups: list[Any] = [group | {"params": solutions.listed(group["params"])} for group in entries(params)]
        every = [p for group in groups for p in group["params"]]
        if len(set(every)) < len(every) or groups == [{"params": []}]:
            raise ValueError("twice, or none")
        super().__init__(groups if every else [torch.zeros(1)], lr, momentum, weight_decay)


@mistake(
    "GroupedSGD", zh="一列张量（不是字典）时报错。", en="It fails on a list of tensors that aren't in dictionaries."
)
class DictionariesOnly(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given: list[Any] = list(params)
        super().__init__([dict(group) for group in given], lr, momentum, weight_decay)


@mistake(
    "GroupedSGD",
    zh='一组的 `"params"` 是一个张量时，被拆成了一行一行：先看它是不是张量。',
    en='Where the `"params"` of a group are one tensor, it falls into rows: look first whether it is a tensor.',
)
class RowsOfOne(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        groups = [group | {"params": list(group["params"])} for group in entries(params)]
        super().__init__(groups, lr, momentum, weight_decay)


@mistake(
    "GroupedSGD",
    zh='一组的 `"params"` 是生成器时，没有存成列表。',
    en='Where the `"params"` of a group are a generator, they aren\'t made a list.',
)
class KeepsGenerators(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given = entries(params)
        super().__init__(given, lr, momentum, weight_decay)
        for mine, theirs in zip(self.param_groups, given, strict=True):
            if not isinstance(theirs["params"], list | tuple | Tensor):
                mine["params"] = theirs["params"]  # used up by now


@mistake("GroupedSGD", zh="没有参数时没有报 `ValueError`。", en="Without parameters it doesn't raise `ValueError`.")
class AcceptsNoGroups(solutions.GroupedSGD):
    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0):
        given: list[Any] = list(params)
        super().__init__(given or [torch.zeros(1, requires_grad=True)], lr, momentum, weight_decay)


def grouped(model, weight_decay, decays, kept=lambda p: p.requires_grad):
    named = [(name, p) for name, p in model.named_parameters() if kept(p)]
    return [
        {"params": [p for name, p in named if decays(name, p)], "weight_decay": weight_decay},
        {"params": [p for name, p in named if not decays(name, p)], "weight_decay": 0.0},
    ]


@mistake("decay_groups", zh="反了：矩阵和卷积核才衰减。", en="The wrong way round: matrices and kernels decay.")
def the_others_decay(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.ndim < 2)


@mistake(
    "decay_groups",
    zh="只看名字里有没有 `bias`：批归一化的 `weight` 也不该衰减，要看轴数。",
    en="It looks for `bias` in the name: the `weight` of a batch norm shouldn't decay either, so count axes.",
)
def by_name(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: "bias" not in name)


@mistake(
    "decay_groups",
    zh="只看名字里有没有 `weight`：批归一化的 `weight` 不该衰减，要看轴数。",
    en="It looks for `weight` in the name: that of a batch norm shouldn't decay, so count axes.",
)
def by_weight(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: "weight" in name)


@mistake("decay_groups", zh="所有参数都衰减了。", en="All parameters decay.")
def all_decay(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: True)


@mistake(
    "decay_groups",
    zh="只有正好两个轴的才衰减：卷积核有四个轴，也要衰减。",
    en="Only what has just two axes decays: kernels have four, and decay as well.",
)
def just_two(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.ndim == 2)


@mistake(
    "decay_groups",
    zh="长度为 1 的轴没有算：`nn.Linear(n, 1)` 的 `weight` 也有两个轴。",
    en="Axes of length 1 aren't counted: the `weight` of `nn.Linear(n, 1)` has two axes as well.",
)
def squeezed(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.squeeze().ndim > 1)


def by_axes(params, weight_decay):
    params = [p for p in params if p.requires_grad]
    return [
        {"params": [p for p in params if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in params if p.ndim < 2], "weight_decay": 0.0},
    ]


@mistake(
    "decay_groups",
    zh="里层的参数出现了几次：`modules()` 已经走遍各层，每层再取 `parameters()` 又把里层的也取一遍。",
    en="Inner parameters occur several times: `modules()` visits every layer, and `parameters()` of each goes inside once more.",
)
def every_layer_again(model, weight_decay):
    return by_axes([p for module in model.modules() for p in module.parameters()], weight_decay)


@mistake("decay_groups", zh="共用的参数出现了两次。", en="A shared parameter occurs twice.")
def layer_by_layer(model, weight_decay):
    return by_axes([p for module in model.modules() for p in module.parameters(recurse=False)], weight_decay)


@mistake(
    "decay_groups",
    zh="只走了 `children()`：模型自己的参数漏了，两层共用的又出现两次。",
    en="It walks `children()` only: parameters of the model itself are lost, and one that two layers share occurs twice.",
)
def children_only(model, weight_decay):
    return by_axes([p for child in model.children() for p in child.parameters()], weight_decay)


@mistake(
    "decay_groups",
    zh="只走了 `children()`：模型自己的参数漏了。",
    en="It walks `children()` only: parameters of the model itself are lost.",
)
def children_once(model, weight_decay):
    found = {p: None for child in model.children() for p in child.parameters()}
    return by_axes(found, weight_decay)


@mistake("decay_groups", zh="没有一个参数衰减。", en="No parameter decays.")
def none_decays(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: False)


@mistake(
    "decay_groups",
    zh="两个轴的也要衰减，不只是两个以上的。",
    en="Two axes are enough to decay, not only more than two.",
)
def more_than_two(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.ndim > 2)


@mistake("decay_groups", zh="只有一个轴的不该衰减。", en="What has one axis shouldn't decay.")
def one_axis_too(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.ndim >= 1)


@mistake(
    "decay_groups",
    zh="按元素个数分的：要看轴数。",
    en="It goes by the number of elements: count axes.",
)
def by_elements(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.numel() > 2)


@mistake("decay_groups", zh="冻结的参数也在组里：应当去掉。", en="Frozen parameters are in the groups: leave them out.")
def with_frozen(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.ndim > 1, kept=lambda p: True)


@mistake(
    "decay_groups",
    zh="冻结的参数进了不衰减的组：应当去掉。",
    en="Frozen parameters are in the group that doesn't decay: leave them out.",
)
def frozen_do_not_decay(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.ndim > 1 and p.requires_grad, kept=lambda p: True)


@mistake(
    "decay_groups",
    zh="不衰减的参数不在任何组里：它们也要更新。",
    en="Those that don't decay are in no group: they have to be updated, too.",
)
def only_those_that_decay(model, weight_decay):
    return grouped(model, weight_decay, lambda name, p: p.ndim > 1)[:1]


@mistake(
    "decay_groups",
    zh='不衰减的组没有写明 `"weight_decay": 0`：优化器会用自己的默认值。',
    en='The group that doesn\'t decay lacks `"weight_decay": 0`: the optimiser would use its default.',
)
def unnamed_decay(model, weight_decay):
    decaying, rest = grouped(model, weight_decay, lambda name, p: p.ndim > 1)
    return [decaying, {"params": rest["params"]}]


@mistake(
    "decay_groups", zh="只看了最外层模块自己的参数。", en="It sees only the parameters of the outermost module itself."
)
def outermost_only(model, weight_decay):
    params = [p for p in model.parameters(recurse=False) if p.requires_grad]
    return [
        {"params": [p for p in params if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in params if p.ndim < 2], "weight_decay": 0.0},
    ]


@mistake(
    "decay_groups",
    zh="只认 `nn.Linear` 和 `nn.Conv2d`：别的模块里的参数也要在组里。",
    en="It knows `nn.Linear` and `nn.Conv2d` only: parameters of other modules belong in the groups as well.",
)
def by_kind(model, weight_decay):
    kinds = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    params = [p for m in kinds for p in m.parameters(recurse=False) if p.requires_grad]
    return [
        {"params": [p for p in params if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in params if p.ndim < 2], "weight_decay": 0.0},
    ]


# Schedules and clipping


def cosine(step, n_steps, warmup, peak, floor, rise=None, fall=None, after=None):
    """The schedule with another rise, fall or end."""
    if step < warmup:
        return (rise or (lambda: peak * (step + 1) / warmup))()
    if step >= n_steps:
        return floor if after is None else after()
    done = (step - warmup) / (n_steps - warmup)
    return floor + (peak - floor) * (fall(done) if fall else (1 + math.cos(math.pi * done)) / 2)


@mistake(
    "cosine_with_warmup",
    zh="预热从 0 开始：第 0 步应是 `peak / warmup`。",
    en="The warm-up begins at 0: step 0 should have `peak / warmup`.",
)
def begins_at_zero(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, rise=lambda: peak * step / warmup)


@mistake("cosine_with_warmup", zh="没有预热。", en="There is no warm-up.")
def no_warmup(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, rise=lambda: peak)


@mistake(
    "cosine_with_warmup",
    zh="预热从 `floor` 升起：应与 `step + 1` 成正比，与 `floor` 无关。",
    en="The warm-up rises from `floor`: it should be in proportion to `step + 1`, whatever `floor` is.",
)
def rises_from_floor(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, rise=lambda: floor + (peak - floor) * (step + 1) / warmup)


@mistake("cosine_with_warmup", zh="预热一步太快：`(step + 2) / warmup`。", en="The warm-up is a step ahead.")
def a_step_ahead(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, rise=lambda: min(peak, peak * (step + 2) / warmup))


@mistake("cosine_with_warmup", zh="`floor` 没有用上。", en="`floor` isn't used.")
def no_floor(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, 0.0)


@mistake(
    "cosine_with_warmup",
    zh="`floor` 只是加在余弦上，最高处就成了 `peak + floor`：余弦乘的是 `peak - floor`。",
    en="`floor` is added on top, so the peak is `peak + floor`: the cosine is times `peak - floor`.",
)
def floor_on_top(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak + floor, floor, rise=lambda: peak * (step + 1) / warmup)


@mistake(
    "cosine_with_warmup",
    zh="用 `max` 把余弦截在 `floor`：应当整段缩放。",
    en="The cosine is cut off at `floor` by `max`: it should be scaled.",
)
def cut_at_floor(step, n_steps, warmup, peak, floor=0.0):
    value = cosine(step, n_steps, warmup, peak, 0.0)
    return value if step < warmup else max(value, floor)


@mistake(
    "cosine_with_warmup",
    zh="比例没有减去预热：$u$ 从预热之后算起。",
    en="The share doesn't leave out the warm-up: $u$ begins after it.",
)
def counts_the_warmup(step, n_steps, warmup, peak, floor=0.0):
    done = step / n_steps
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda _: (1 + math.cos(math.pi * done)) / 2)


@mistake(
    "cosine_with_warmup",
    zh="分母没有减去预热：到 `n_steps` 时还没降到 `floor`。",
    en="The denominator doesn't leave out the warm-up: at `n_steps` it isn't down at `floor`.",
)
def long_way(step, n_steps, warmup, peak, floor=0.0):
    done = (step - warmup) / n_steps
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda _: (1 + math.cos(math.pi * done)) / 2)


@mistake(
    "cosine_with_warmup",
    zh="早了一步降到 `floor`：应在第 `n_steps` 步。",
    en="It is down at `floor` a step early: that is for step `n_steps`.",
)
def a_step_early(step, n_steps, warmup, peak, floor=0.0):
    done = (step - warmup) / max(n_steps - 1 - warmup, 1)
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda _: (1 + math.cos(math.pi * done)) / 2)


@mistake(
    "cosine_with_warmup",
    zh="`n_steps` 之后又升了上去：应停在 `floor`。",
    en="After `n_steps` it rises again: it should stay at `floor`.",
)
def rises_again(step, n_steps, warmup, peak, floor=0.0):
    done = (step - warmup) / max(n_steps - warmup, 1)
    again = floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2
    return cosine(step, n_steps, warmup, peak, floor, after=lambda: again)


@mistake(
    "cosine_with_warmup",
    zh="`n_steps` 之后又升了上去（只有 `warmup` 等于 `n_steps` 时不会）：应停在 `floor`。",
    en="After `n_steps` it rises again, except where `warmup` equals `n_steps`: it should stay at `floor`.",
)
def rises_after_a_fall(step, n_steps, warmup, peak, floor=0.0):
    return floor if step >= warmup == n_steps else rises_again(step, n_steps, warmup, peak, floor)


@mistake(
    "cosine_with_warmup",
    zh="预热多了一步：第 `warmup` 步超过了 `peak`，条件应是 `step < warmup`；`warmup` 为 0 时还除以 0。",
    en="The warm-up is a step too long: step `warmup` is above `peak`, and `warmup` 0 divides by 0; ask `step < warmup`.",
)
def a_step_too_long(step, n_steps, warmup, peak, floor=0.0):
    if step == warmup < n_steps:
        return peak * (step + 1) / warmup
    return cosine(step, n_steps, warmup, peak, floor)


@mistake(
    "cosine_with_warmup",
    zh="预热多了一步：第 `warmup` 步超过了 `peak`，条件应是 `step < warmup`。",
    en="The warm-up is a step too long: step `warmup` is above `peak`; ask `step < warmup`.",
)
def above_the_peak(step, n_steps, warmup, peak, floor=0.0):
    return a_step_too_long(step, n_steps, warmup, peak, floor) if warmup else cosine(step, n_steps, 0, peak, floor)


@mistake(
    "cosine_with_warmup",
    zh="`warmup` 为 0 时报错（除以 0）：它可以是 0。",
    en="With `warmup` 0 it fails, dividing by 0: `warmup` may be 0.",
)
def needs_warmup(step, n_steps, warmup, peak, floor=0.0):
    rise = peak / warmup
    return cosine(step, n_steps, warmup, peak, floor, rise=lambda: rise * (step + 1))


@mistake(
    "cosine_with_warmup",
    zh="余弦走了一整圈（降了又升）：只要半圈。",
    en="The cosine makes a whole turn, down and up: half a turn is wanted.",
)
def whole_turn(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda u: (1 + math.cos(2 * math.pi * u)) / 2)


@mistake(
    "cosine_with_warmup",
    zh="只用了四分之一个余弦：开头慢，结尾不慢。",
    en="It is a quarter of a cosine: slow at first, but not at last.",
)
def quarter_turn(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda u: math.cos(math.pi * u / 2))


@mistake("cosine_with_warmup", zh="降的是直线，不是余弦。", en="It goes down a straight line and not a cosine.")
def straight_down(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda u: 1 - u)


@mistake(
    "cosine_with_warmup",
    zh="余弦没有除以 2：最高处成了两倍。",
    en="The cosine isn't halved: it starts at twice the peak.",
)
def not_halved(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda u: 1 + math.cos(math.pi * u))


@mistake("cosine_with_warmup", zh="漏了 $\\pi$。", en="The $\\pi$ is missing.")
def no_pi(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor, fall=lambda u: (1 + math.cos(u)) / 2)


@mistake(
    "cosine_with_warmup",
    zh="`warmup` 等于 `n_steps` 时除以 0：那时之后就是 `floor`。",
    en="Where `warmup` equals `n_steps` it divides by 0: `floor` follows then.",
)
def divides_by_zero(step, n_steps, warmup, peak, floor=0.0):
    if step < warmup:
        return peak * (step + 1) / warmup
    done = min((step - warmup) / (n_steps - warmup), 1)
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2


@mistake("cosine_with_warmup", zh="返回的是倍数，没有乘 `peak`。", en="It returns a factor, not multiplied by `peak`.")
def only_a_factor(step, n_steps, warmup, peak, floor=0.0):
    return cosine(step, n_steps, warmup, peak, floor) / peak


def shrink(params, max_norm, length, factor=None, always=False):
    """Clipping with another length or factor."""
    grads = [p.grad for p in params if p.grad is not None]
    norm = length(grads) if grads else 0.0
    if norm and (always or norm > max_norm):
        for grad in grads:
            grad.mul_(factor(norm) if factor else max_norm / norm)
    return norm


def euclid(grads):
    return math.sqrt(sum(float((grad**2).sum()) for grad in grads))


@mistake(
    "clip_grad_norm",
    zh="每个参数各裁各的：要看合起来的长度。",
    en="Each parameter is clipped on its own: their common length counts.",
)
def each_alone(params, max_norm):
    params = list(params)
    norm = shrink(params, math.inf, euclid)
    for p in params:
        shrink([p], max_norm, euclid)
    return norm


@mistake(
    "clip_grad_norm",
    zh="每个数各自截断：方向就变了。",
    en="Each number is limited on its own: that changes the direction.",
)
def each_number(params, max_norm):
    params = list(params)
    norm = shrink(params, math.inf, euclid)
    for p in params:
        if p.grad is not None:
            p.grad.clamp_(-max_norm, max_norm)
    return norm


@mistake("clip_grad_norm", zh="没超过上限时也缩放了（放大到上限）。", en="It scales below the limit as well, up to it.")
def always_scales(params, max_norm):
    return shrink(params, max_norm, euclid, always=True)


@mistake("clip_grad_norm", zh="返回的是裁剪*之后*的长度。", en="It returns the length *after* clipping.")
def length_afterwards(params, max_norm):
    return min(shrink(params, max_norm, euclid), float(max_norm))


@mistake(
    "clip_grad_norm",
    zh="长度是各参数长度之和：应当平方、相加、再开方。",
    en="The length is the sum of the parameters' lengths: square, add, take the root.",
)
def sum_of_lengths(params, max_norm):
    return shrink(params, max_norm, lambda grads: sum(float(grad.norm()) for grad in grads))


@mistake("clip_grad_norm", zh="长度是绝对值之和（L1）。", en="The length is the sum of absolute values (L1).")
def manhattan(params, max_norm):
    return shrink(params, max_norm, lambda grads: sum(float(grad.abs().sum()) for grad in grads))


@mistake("clip_grad_norm", zh="长度是最大的绝对值。", en="The length is the largest absolute value.")
def largest(params, max_norm):
    return shrink(params, max_norm, lambda grads: max(float(grad.abs().max()) for grad in grads))


@mistake(
    "clip_grad_norm",
    zh="长度取了最长的那个参数的：要合起来。",
    en="The length is that of the longest parameter: take all together.",
)
def longest(params, max_norm):
    return shrink(params, max_norm, lambda grads: max(float(grad.norm()) for grad in grads))


@mistake("clip_grad_norm", zh="长度漏了开方。", en="The length lacks its root.")
def squared_length(params, max_norm):
    return shrink(params, max_norm, lambda grads: euclid(grads) ** 2)


@mistake(
    "clip_grad_norm", zh="因子是 `max_norm` 除以长度的平方。", en="The factor is `max_norm` over the length squared."
)
def factor_squared(params, max_norm):
    return shrink(params, max_norm, euclid, factor=lambda norm: max_norm / norm**2)


@mistake(
    "clip_grad_norm",
    zh="只除以了长度，没有乘 `max_norm`。",
    en="It only divides by the length, and doesn't multiply by `max_norm`.",
)
def to_one(params, max_norm):
    return shrink(params, max_norm, euclid, factor=lambda norm: 1 / norm)


@mistake("clip_grad_norm", zh="梯度没有缩小：只算了长度。", en="Gradients aren't shrunk: only the length is found.")
def only_measures(params, max_norm):
    return shrink(params, math.inf, euclid)


@mistake(
    "clip_grad_norm", zh="`p.grad` 换成了新张量：要就地缩小。", en="`p.grad` becomes a new tensor: shrink in place."
)
def new_tensors(params, max_norm):
    params = list(params)
    norm = shrink(params, math.inf, euclid)
    for p in params:
        if p.grad is not None and norm > max_norm:
            p.grad = p.grad * (max_norm / norm)
    return norm


@mistake(
    "clip_grad_norm",
    zh="`params` 是生成器时没有缩小：求长度时已经走完，先存成列表。",
    en="Where `params` is a generator nothing is shrunk: finding the length uses it up, so make a list first.",
)
def walks_twice(params, max_norm):
    norm = euclid([p.grad for p in params if p.grad is not None])
    for p in params:
        if p.grad is not None and norm > max_norm:
            p.grad.mul_(max_norm / norm)
    return norm


@mistake(
    "clip_grad_norm", zh="缩小的是参数，不是梯度。", en="What is shrunk are the parameters and not their gradients."
)
def shrinks_parameters(params, max_norm):
    params = list(params)
    norm = shrink(params, math.inf, euclid)
    for p in params:
        if norm > max_norm:
            p.data.mul_(max_norm / norm)
    return norm


@mistake(
    "clip_grad_norm",
    zh="有参数没有梯度时报错：要跳过它。",
    en="It fails where a parameter has no gradient: leave that out.",
)
def fails_on_none(params, max_norm):
    params = list(params)
    if any(p.grad is None for p in params):
        raise AttributeError("'NoneType' object has no attribute 'norm'")
    return shrink(params, max_norm, euclid)


@mistake(
    "clip_grad_norm",
    zh="一个梯度也没有时报错：应返回 0。",
    en="It fails where there is no gradient at all: return 0.",
)
def fails_on_nothing(params, max_norm):
    params = list(params)
    if all(p.grad is None for p in params):
        raise RuntimeError("expected a non-empty list of Tensors")
    return shrink(params, max_norm, euclid)


@mistake(
    "clip_grad_norm",
    zh="一个梯度也没有时返回了 `None`：应返回 0。",
    en="Where there is no gradient at all it returns `None`: return 0.",
)
def none_for_nothing(params, max_norm):
    params = list(params)
    return shrink(params, max_norm, euclid) if any(p.grad is not None for p in params) else None


@mistake(
    "clip_grad_norm",
    zh="遇到第一个没有梯度的参数就停了（`break`）：跳过它，后面的还要算。",
    en="It stops at the first parameter without a gradient (`break`): leave that one out, and go on.",
)
def stops_at_none(params, max_norm):
    params = list(params)
    first = next((i for i, p in enumerate(params) if p.grad is None), len(params))
    return shrink(params[:first], max_norm, euclid)


@mistake(
    "clip_grad_norm",
    zh="只要有一个参数没有梯度，就什么也不做、返回 0：跳过它，其余的还要算。",
    en="Where one parameter has no gradient it does nothing and returns 0: leave that one out, and go on.",
)
def gives_up_at_none(params, max_norm):
    params = list(params)
    return 0.0 if any(p.grad is None for p in params) else shrink(params, max_norm, euclid)


@mistake("clip_grad_norm", zh="没有返回长度。", en="It doesn't return the length.")
def returns_nothing(params, max_norm):
    shrink(params, max_norm, euclid)


@mistake(
    "clip_grad_norm", zh="梯度全是 0 时，0 除以 0 成了 NaN。", en="With gradients of 0 it divides 0 by 0 and makes NaN."
)
def zero_over_zero(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = euclid(grads)
    for grad in grads:
        grad.mul_((max_norm / torch.tensor(norm)).clamp(max=1.0) if norm else math.nan)
    return norm


# All at once

ops: Any = torch  # a type checker doesn't know its names with an underscore


@mistake(
    "ForeachAdam",
    zh="没有用 `_foreach_`：每个张量还是各算各的。",
    en="It doesn't use `_foreach_`: each tensor is computed on its own.",
)
class OneByOne(solutions.ForeachAdam):
    def step(self):
        solutions.Adam.step(self)


@mistake(
    "ForeachAdam",
    zh="`_foreach_` 每次只给了一个张量：要一次给一整列。",
    en="It calls `_foreach_` with one tensor at a time: hand it the whole list.",
)
class ListsOfOne(solutions.ForeachAdam):
    def update_all(self, params, lr, betas, eps, weight_decay):
        for p in params:
            super().update_all([p], lr, betas, eps, weight_decay)


@mistake(
    "ForeachAdam",
    zh="一组里没有梯度时报错：空列表要先跳过。",
    en="It fails where a group has no gradients: leave out empty lists.",
)
class FailsOnEmpty(solutions.ForeachAdam):
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            if all(p.grad is None for p in group["params"]):
                raise RuntimeError("Tensor list must have at least one tensor.")
        super().step()


@mistake("ForeachAdam", zh="只更新了第一组。", en="Only the first group is updated.")
class FirstGroupOnly(solutions.ForeachAdam):
    def step(self):
        kept, self.param_groups = self.param_groups, self.param_groups[:1]
        super().step()
        self.param_groups = kept


@mistake("ForeachAdam", zh="各组都用了第一组的设置。", en="All groups use the settings of the first.")
class SettingsOfTheFirst(solutions.ForeachAdam):
    def step(self):
        kept, first = self.param_groups, self.param_groups[0]
        self.param_groups = [first | {"params": group["params"]} for group in kept]
        super().step()
        self.param_groups = kept


@mistake("ForeachAdam", zh="权重衰减没有用上。", en="Weight decay isn't used.")
class ForeachNoDecay(solutions.ForeachAdam):
    def update_all(self, params, lr, betas, eps, weight_decay):
        super().update_all(params, lr, betas, eps, 0.0)


@mistake("ForeachAdam", zh="权重衰减是解耦的：那是 AdamW。", en="Weight decay is decoupled: that is AdamW.")
class ForeachIsAdamW(solutions.ForeachAdam):
    def update_all(self, params, lr, betas, eps, weight_decay):
        ops._foreach_mul_(params, 1 - lr * weight_decay)
        super().update_all(params, lr, betas, eps, 0.0)


class FaultyForeach(solutions.ForeachAdam):
    """The same with shares, a root and a count that a subclass may get wrong."""

    def shares(self, t, b1, b2):
        return 1 - b1**t, 1 - b2**t

    def size(self, squares, shares, eps):
        sizes = ops._foreach_sqrt(ops._foreach_div(squares, shares))
        ops._foreach_add_(sizes, eps)
        return sizes

    def counts(self, states):
        return [state["step"] for state in states]

    def averages(self, states):
        return [[state[name] for state in states] for name in ("mean", "square")]

    def update_all(self, params, lr, betas, eps, weight_decay):
        for p in params:
            state = self.state.setdefault(p, {})
            if not state:
                state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
            state["step"] += 1
        states = [self.state[p] for p in params]
        means, squares = self.averages(states)
        grads = ops._foreach_add([p.grad for p in params], params, alpha=weight_decay)
        ops._foreach_lerp_(means, grads, 1 - betas[0])
        ops._foreach_mul_(squares, betas[1])
        ops._foreach_addcmul_(squares, grads, grads, 1 - betas[1])
        shares = [self.shares(count, *betas) for count in self.counts(states)]
        sizes = self.size(squares, [second for _, second in shares], eps)
        ops._foreach_addcdiv_(params, means, sizes, [-lr / first for first, _ in shares])


@mistake("ForeachAdam", zh="没有偏差修正。", en="There is no bias correction.")
class ForeachUncorrected(FaultyForeach):
    def shares(self, t, b1, b2):
        return 1.0, 1.0


@mistake("ForeachAdam", zh="两份平均的修正颠倒了。", en="The corrections of the two averages have changed places.")
class SharesSwapped(FaultyForeach):
    def shares(self, t, b1, b2):
        return 1 - b2**t, 1 - b1**t


@mistake(
    "ForeachAdam",
    zh="$\\epsilon$ 加在修正之前的根上：应先修正，再加。",
    en="$\\epsilon$ is added to the root before its correction: correct first, then add.",
)
class ForeachEpsilonTooEarly(FaultyForeach):
    def size(self, squares, shares, eps):
        sizes = ops._foreach_sqrt(squares)
        ops._foreach_add_(sizes, eps)
        ops._foreach_div_(sizes, [math.sqrt(share) for share in shares])
        return sizes


@mistake("ForeachAdam", zh="$\\epsilon$ 加在了根号里面。", en="$\\epsilon$ is added inside the root.")
class ForeachEpsilonInside(FaultyForeach):
    def size(self, squares, shares, eps):
        return ops._foreach_sqrt(ops._foreach_add(ops._foreach_div(squares, shares), eps))


@mistake(
    "ForeachAdam",
    zh="修正里的根号漏了：根已经开过，要除以 $\\sqrt{1 - \\beta_2^t}$。",
    en="The correction lacks a root: once the root is taken, divide by $\\sqrt{1 - \\beta_2^t}$.",
)
class ShareWithoutRoot(FaultyForeach):
    def size(self, squares, shares, eps):
        sizes = ops._foreach_div(ops._foreach_sqrt(squares), shares)
        ops._foreach_add_(sizes, eps)
        return sizes


@mistake(
    "ForeachAdam",
    zh="步数是所有参数共用的：每个参数只数自己有梯度的步。",
    en="All parameters share one count: each should count only the steps in which it has a gradient.",
)
class ForeachOneCount(FaultyForeach):
    steps = 0

    def step(self):
        self.steps += 1
        super().step()

    def counts(self, states):
        for state in states:
            state["step"] = self.steps
        return [self.steps for _ in states]


@mistake(
    "ForeachAdam",
    zh="一次更新的参数都用了其中第一个的步数：每个有自己的 $t$。",
    en="All that are updated together use the count of the first: each has a $t$ of its own.",
)
class CountOfTheFirst(FaultyForeach):
    def counts(self, states):
        return [states[0]["step"] for _ in states]


@mistake(
    "ForeachAdam",
    zh="没有梯度的步也数了：每个参数只数自己有梯度的步。",
    en="Steps without a gradient are counted, too: each parameter counts only those in which it has one.",
)
class ForeachCountsEveryStep(FaultyForeach):
    def step(self):
        super().step()
        for p in self.params():
            if p.grad is None and p in self.state:
                self.state[p]["step"] += 1


@mistake(
    "ForeachAdam",
    zh="开方是就地做的（`_foreach_sqrt_`）：账本身变成了它的根，下一步就错了。",
    en="The root is taken in place (`_foreach_sqrt_`): the account itself becomes its root, which spoils the next steps.",
)
class ForeachKeepsTheRoot(FaultyForeach):
    def size(self, squares, shares, eps):
        ops._foreach_sqrt_(squares)
        sizes = ops._foreach_div(squares, [math.sqrt(share) for share in shares])
        ops._foreach_add_(sizes, eps)
        return sizes


@mistake(
    "ForeachAdam",
    zh="修正写回了账里（`_foreach_div_`）：账要照旧记。",
    en="The correction is written into the account (`_foreach_div_`): that must go on as before.",
)
class ForeachWritesBack(FaultyForeach):
    def size(self, squares, shares, eps):
        ops._foreach_div_(squares, shares)
        return super().size(squares, [1.0 for _ in shares], eps)


@mistake(
    "ForeachAdam",
    zh="两份平均没有存回 `state`：不带末尾下划线的函数返回新的一列，每一步又从 0 开始。",
    en="The averages don't get back into `state`: without an underscore at the end a call returns a new list, "
    "and each step begins at 0.",
)
class ForeachForgets(FaultyForeach):
    def averages(self, states):
        return [ops._foreach_mul(some, 1.0) for some in super().averages(states)]


@mistake(
    "ForeachAdam",
    zh="权重衰减只进了梯度的平均，没有进平方的平均。",
    en="Weight decay is in the average of gradients only, and not in that of their squares.",
)
class ForeachDecayInMeanOnly(FaultyForeach):
    def update_all(self, params, lr, betas, eps, weight_decay):
        states = [self.state.setdefault(p, {}) for p in params]
        for p, state in zip(params, states, strict=True):
            if not state:
                state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
            state["step"] += 1
        means, squares = self.averages(states)
        grads: Any = [p.grad for p in params]
        ops._foreach_lerp_(means, ops._foreach_add(grads, params, alpha=weight_decay), 1 - betas[0])
        ops._foreach_mul_(squares, betas[1])
        ops._foreach_addcmul_(squares, grads, grads, 1 - betas[1])
        shares = [self.shares(count, *betas) for count in self.counts(states)]
        sizes = self.size(squares, [second for _, second in shares], eps)
        ops._foreach_addcdiv_(params, means, sizes, [-lr / first for first, _ in shares])
