"""The wrong answers of day 3's second lesson, each explained in a sentence."""

import math
from typing import Any

import numpy as np
from part3_backprop.solutions import Tensor

from coach import mistake
from part3_networks import solutions
from part3_networks.solutions import Linear, Module, Parameter, cross_entropy, sigmoid, sigmoid_prime, softmax

# Checking gradients


def quotients(f, x, h, slope, dtype: Any = np.float64):
    """`slope(f, x, step, h)` at each place of a copy of x."""
    x = x.astype(dtype)
    found = np.zeros_like(x, dtype=np.float64)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        found[place] = slope(f, x, step, h)
    return found


def central(f, x, step, h):
    return (f(x + step) - f(x - step)) / (2 * h)


@mistake(
    "numerical_gradient",
    zh="只往前走了一步：`f(x + h) - f(x)` 的误差与 $h$ 成正比；两边各走一步，再除以 $2h$。",
    en="It takes a step forward only: the error of `f(x + h) - f(x)` is in proportion to $h$; step to both sides, and divide by $2h$.",
)
def forward_only(f, x, h=1e-5):
    return quotients(f, x, h, lambda f, x, step, h: (f(x + step) - f(x)) / h)


@mistake(
    "numerical_gradient",
    zh="只往后走了一步：两边各走一步，再除以 $2h$。",
    en="It takes a step backward only: step to both sides, and divide by $2h$.",
)
def backward_only(f, x, h=1e-5):
    return quotients(f, x, h, lambda f, x, step, h: (f(x) - f(x - step)) / h)


@mistake(
    "numerical_gradient",
    zh="结果大了一倍：两点相距 $2h$，不是 $h$。",
    en="It is twice too large: the two points are $2h$ apart, not $h$.",
)
def divided_by_h(f, x, h=1e-5):
    return quotients(f, x, h, lambda f, x, step, h: (f(x + step) - f(x - step)) / h)


@mistake(
    "numerical_gradient",
    zh="结果只有应有的一半：两点相距 $2h$，却除以了 $4h$。",
    en="It is half as large as it should be: the points are $2h$ apart, and it divides by $4h$.",
)
def divided_twice(f, x, h=1e-5):
    return quotients(f, x, h, lambda f, x, step, h: (f(x + step) - f(x - step)) / (4 * h))


@mistake(
    "numerical_gradient",
    zh="只求了差，没有除以距离 $2h$。",
    en="It takes the difference only, and doesn't divide by $2h$.",
)
def not_divided(f, x, h=1e-5):
    return quotients(f, x, h, lambda f, x, step, h: f(x + step) - f(x - step))


@mistake(
    "numerical_gradient",
    zh="`/ 2 * h` 是先除以 2 再*乘* `h`：要加括号，`/ (2 * h)`。",
    en="It multiplies by `h`: `/ 2 * h` divides by 2 only; write `/ (2 * h)`.",
)
def no_brackets(f, x, h=1e-5):
    return quotients(f, x, h, lambda f, x, step, h: (f(x + step) - f(x - step)) / 2 * h)


@mistake(
    "numerical_gradient",
    zh="符号反了：应当是 $x + h$ 处的值减 $x - h$ 处的。",
    en="Its sign is reversed: subtract the value at $x - h$ from that at $x + h$.",
)
def reversed_difference(f, x, h=1e-5):
    return quotients(f, x, h, lambda f, x, step, h: -central(f, x, step, h))


@mistake(
    "numerical_gradient",
    zh="所有元素一起动了：一次只能动一个，否则得到的是所有斜率之和。",
    en="It moves all elements at once: move one at a time, or you get the sum of all slopes.",
)
def all_at_once(f, x, h=1e-5):
    x = x.astype(np.float64)
    return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))


@mistake(
    "numerical_gradient",
    zh="给的 `h` 没有用上：步长总是 $10^{-5}$。",
    en="The given `h` isn't used: its step is always $10^{-5}$.",
)
def fixed_step(f, x, h=1e-5):
    return quotients(f, x, 1e-5, central)


@mistake(
    "numerical_gradient",
    zh="步长乘了 `x` 的大小：应当就是 `h`。",
    en="Its step is `h` times the size of `x`: it should be just `h`.",
)
def relative_step(f, x, h=1e-5):
    x = x.astype(np.float64)
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h * abs(x[place])
        found[place] = (f(x + step) - f(x - step)) / (2 * step[place])
    return found


@mistake(
    "numerical_gradient",
    zh="元素大于 1 时步长按它的大小放大了：应当就是 `h`。",
    en="Where an element is larger than 1 its step grows with it: it should be just `h`.",
)
def step_grows(f, x, h=1e-5):
    x = x.astype(np.float64)
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h * max(1, abs(x[place]))
        found[place] = (f(x + step) - f(x - step)) / (2 * step[place])
    return found


@mistake(
    "numerical_gradient",
    zh="`f` 收到的数组被压成了一个轴：形状应当与 `x` 相同。",
    en="The arrays that `f` is given have one axis: they should have the shape of `x`.",
)
def flat_for_f(f, x, h=1e-5):
    return quotients(f, x.reshape(-1), h, central).reshape(x.shape)


@mistake(
    "numerical_gradient",
    zh="`x` 在内存里不按行连续时，`reshape(-1)` 得到的是拷贝：改它，`f` 看不到，斜率全成了 0。",
    en="Where `x` isn't stored by rows, `reshape(-1)` makes a copy: `f` doesn't see what is changed there, and all slopes are 0.",
)
def flat_copy(f, x, h=1e-5):
    point = x.astype(np.float64)
    flat, found = point.reshape(-1), np.zeros(x.size)
    for i, kept in enumerate(flat.tolist()):
        flat[i] = kept + h
        above = f(point)
        flat[i] = kept - h
        found[i] = (above - f(point)) / (2 * h)
        flat[i] = kept
    return found.reshape(x.shape)


@mistake(
    "numerical_gradient",
    zh="它在传入的 `x` 上加 `h`、减 `2h`、再加 `h`：舍入之后不再是原来的值；在副本上算。",
    en="It adds `h` to the given `x`, subtracts `2h`, adds `h`: after rounding the values aren't as before; work on a copy.",
)
def there_and_back(f, x, h=1e-5):
    x = np.asarray(x, dtype=np.float64)
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += h
        above = f(x)
        x[place] -= 2 * h
        below = f(x)
        x[place] += h
        found[place] = (above - below) / (2 * h)
    return found


@mistake(
    "numerical_gradient",
    zh="`float32` 的输入就在 `float32` 里算了：舍入被 $h$ 放大；先换成 `float64`。",
    en="On `float32` inputs it computes in `float32`, where $h$ magnifies the rounding: change to `float64` first.",
)
def in_float32(f, x, h=1e-5):
    return quotients(f, x, h, central, dtype=x.dtype)


@mistake(
    "numerical_gradient",
    zh="结果的 dtype 跟着 `x` 了：总是要 `float64`。",
    en="Its result has the dtype of `x`: `float64` is wanted always.",
)
def result_as_x(f, x, h=1e-5):
    return quotients(f, x, h, central).astype(x.dtype)


@mistake(
    "numerical_gradient",
    zh="动过的元素没有恢复：下一个位置的差商里，前面的元素还偏着。",
    en="An element that was moved isn't put back: at the next place those before are still off.",
)
def not_put_back(f, x, h=1e-5):
    x = x.astype(np.float64)
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        x[place] += h
        above = f(x.copy())
        x[place] -= 2 * h
        found[place] = (above - f(x.copy())) / (2 * h)
    return found


@mistake(
    "numerical_gradient",
    zh="它就地改动了传入的 `x`：在副本上算。",
    en="It changes the given `x` in place: work on a copy.",
)
def in_the_given_x(f, x, h=1e-5):
    found = quotients(f, x, h, central)
    if x.size:
        x.flat[0] += h
    return found


@mistake(
    "numerical_gradient",
    zh="结果被压成了一个轴：形状要与 `x` 相同。",
    en="Its result has one axis only: it should have the shape of `x`.",
)
def flattened(f, x, h=1e-5):
    return quotients(f, x, h, central).reshape(-1)


@mistake(
    "numerical_gradient",
    zh="每次动了一整行：一次只能动一个元素。",
    en="It moves a whole row at a time: move one element at a time.",
)
def row_by_row(f, x, h=1e-5):
    x = x.astype(np.float64)
    if x.ndim < 2:
        return solutions.numerical_gradient(f, x, h)
    found = np.zeros_like(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = h
        found[i] = (f(x + step) - f(x - step)) / (2 * h)
    return found


@mistake(
    "numerical_gradient",
    zh="空的输入让它报错：那时应当返回同样形状的空数组。",
    en="It fails on an empty input: return an empty array of the same shape.",
)
def not_empty(f, x, h=1e-5):
    if not x.size:
        raise ValueError("need at least one array to stack")
    return solutions.numerical_gradient(f, x, h)


@mistake(
    "numerical_gradient",
    zh="没有轴的输入让它报错或多出一个轴：`np.ndindex(x.shape)` 对任何形状都行。",
    en="An input without axes comes out with one: `np.ndindex(x.shape)` works for every shape.",
)
def at_least_one_axis(f, x, h=1e-5):
    return np.atleast_1d(solutions.numerical_gradient(f, x, h))


def checked(f, inputs, h=1e-5, *, weights=None, agree=None, chosen=slice(None), none=None, dtype: Any = np.float64):
    """A gradient check with a choice of faults."""
    arrays = [np.array(x, dtype=dtype or x.dtype) for x in inputs]
    leaves = [Tensor(x, requires_grad=True) for x in arrays]
    out = f(*leaves)
    v = np.random.default_rng(0).normal(size=out.shape) if weights is None else weights(out.shape)
    (out * Tensor(v)).sum().backward()
    agree = agree or (lambda got, expected: np.allclose(got, expected, rtol=1e-4, atol=1e-6))
    for i in range(len(arrays))[chosen]:
        if leaves[i].grad is None and none is not None:
            if none == "wrong":
                return False
            continue

        def weighted(x, i=i):
            return (v * f(*[Tensor(x if j == i else array) for j, array in enumerate(arrays)]).array).sum()

        expected = quotients(weighted, arrays[i], h, central, dtype or arrays[i].dtype)
        grad = leaves[i].grad
        got = np.zeros_like(expected) if grad is None else grad.array
        if not agree(got, expected):
            return False
    return True


def both(got, expected, rtol, atol):
    return bool(np.allclose(got, expected, rtol=rtol, atol=atol))


@mistake(
    "gradcheck",
    zh="输出的权重都相同（例如全是 1）：softmax 的输出之和总是 1，错的梯度也能通过；权重要各不相同。",
    en="All weights of the outputs are equal (all 1, say): outputs of a softmax always sum to 1, and a wrong gradient passes; let the weights differ.",
)
def upstream_of_ones(f, inputs, h=1e-5):
    return checked(f, inputs, h, weights=np.ones)


@mistake(
    "gradcheck",
    zh="`float32` 的输入没有换成 `float64`：差商不够准，对的梯度也通不过。",
    en="Inputs in `float32` aren't changed to `float64`: quotients aren't exact enough, and right gradients don't pass.",
)
def checked_in_float32(f, inputs, h=1e-5):
    return checked(f, inputs, h, dtype=None)


@mistake("gradcheck", zh="只检验了第一个输入：每个都要。", en="It checks the first input only: check each.")
def first_input(f, inputs, h=1e-5):
    return checked(f, inputs, h, chosen=slice(1))


@mistake("gradcheck", zh="只检验了最后一个输入：每个都要。", en="It checks the last input only: check each.")
def last_input(f, inputs, h=1e-5):
    return checked(f, inputs, h, chosen=slice(-1, None))


@mistake(
    "gradcheck",
    zh="只要有一个位置相符就算对：每个位置都要相符。",
    en="One place that agrees is enough for it: all of them must.",
)
def any_place(f, inputs, h=1e-5):
    return checked(f, inputs, h, agree=lambda got, expected: np.isclose(got, expected, rtol=1e-4, atol=1e-6).any())


@mistake("gradcheck", zh="只比较了第一个位置：每个位置都要比。", en="It compares the first place only: compare all.")
def first_place(f, inputs, h=1e-5):
    return checked(f, inputs, h, agree=lambda g, e: both(g.flat[0], e.flat[0], 1e-4, 1e-6))


@mistake(
    "gradcheck",
    zh="只比较了梯度之和：一处多、一处少会互相抵消。",
    en="It compares sums of gradients only, in which errors of different places may cancel.",
)
def sums_only(f, inputs, h=1e-5):
    return checked(f, inputs, h, agree=lambda g, e: both(g.sum(), e.sum(), 1e-2, 1e-6))


@mistake(
    "gradcheck",
    zh="只比较了大小，没有比较符号。",
    en="It compares sizes only, and not signs.",
)
def sizes_only(f, inputs, h=1e-5):
    return checked(f, inputs, h, agree=lambda g, e: both(abs(g), abs(e), 1e-4, 1e-6))


@mistake(
    "gradcheck",
    zh="`.grad` 是 `None` 就判为错：没有用到的输入，梯度本来就是 0。",
    en="A `.grad` of `None` counts as wrong: for an input that isn't used, 0 is right.",
)
def none_is_wrong(f, inputs, h=1e-5):
    return checked(f, inputs, h, none="wrong")


@mistake(
    "gradcheck",
    zh="`.grad` 是 `None` 的输入被跳过了：当作 0，与差商比较。",
    en="An input whose `.grad` is `None` is skipped: take it as 0, and compare.",
)
def none_is_skipped(f, inputs, h=1e-5):
    return checked(f, inputs, h, none="skip")


@mistake(
    "gradcheck",
    zh="绝对误差放得太宽：小的梯度错了也能通过。",
    en="It allows too large an absolute error: small gradients may be wrong and pass.",
)
def absolute_too_wide(f, inputs, h=1e-5):
    return checked(f, inputs, h, agree=lambda g, e: both(g, e, 1e-4, 2e-3))


def named(name, made):
    """`made` under this name: mistakes of one exercise are told apart by their names."""
    made.__name__ = name
    return made


def tolerance_of(width):
    return lambda f, inputs, h=1e-5: checked(f, inputs, h, agree=lambda g, e: both(g, e, width, 1e-6))


for name, width in (("relative_too_wide", 0.2), ("five_per_cent", 0.05), ("just_over_one_per_cent", 0.01)):
    mistake(
        "gradcheck",
        zh="相对误差放得太宽：差百分之一以上的也通过了。",
        en="It allows too large a relative error: what is one per cent off or more passes.",
    )(named(name, tolerance_of(width)))


def positive(shape):
    return np.random.default_rng(0).uniform(0.5, 2, size=shape)


@mistake(
    "gradcheck",
    zh="差没有取绝对值：偏小的斜率也通过了。",
    en="It doesn't take the absolute difference: slopes that are too small pass.",
)
def too_small_passes(f, inputs, h=1e-5):
    return checked(f, inputs, h, weights=positive, agree=lambda g, e: bool((g - e <= 1e-6 + 1e-4 * abs(e)).all()))


@mistake(
    "gradcheck",
    zh="差没有取绝对值：偏大的斜率也通过了。",
    en="It doesn't take the absolute difference: slopes that are too large pass.",
)
def too_large_passes(f, inputs, h=1e-5):
    return checked(f, inputs, h, weights=positive, agree=lambda g, e: bool((e - g <= 1e-6 + 1e-4 * abs(e)).all()))


@mistake(
    "gradcheck",
    zh="有一个输出的权重是 0（例如 0、1、2……里的第一个）：那个输出没有检验。",
    en="One output has the weight 0 (the first of 0, 1, 2, …, say): that output isn't checked.",
)
def first_weight_zero(f, inputs, h=1e-5):
    return checked(f, inputs, h, weights=lambda shape: np.arange(math.prod(shape), dtype=float).reshape(shape))


@mistake(
    "gradcheck",
    zh="权重从负到正均匀地排：输出是奇数个时，正中的权重是 0，那个输出没有检验。",
    en="Weights go evenly from negative to positive: with an odd number of outputs the one in the middle is 0, and that output isn't checked.",
)
def middle_weight_zero(f, inputs, h=1e-5):
    return checked(f, inputs, h, weights=lambda shape: np.linspace(-1, 1, math.prod(shape)).reshape(shape))


@mistake(
    "gradcheck",
    zh="容差是按整体定的（最大的斜率、平均，或者范数）：大的斜率中间，一处小的错了也看不出来；每个位置用自己的 $|n|$。",
    en="Its tolerance goes by the whole (the largest slope, a mean, or a norm): among large slopes a wrong small one doesn't show; take $|n|$ of the place itself.",
)
def by_the_whole(f, inputs, h=1e-5):
    norm = np.linalg.norm
    return checked(f, inputs, h, agree=lambda g, e: bool(norm(g - e) <= 1e-6 + 1e-4 * norm(e)))


@mistake(
    "gradcheck",
    zh="对的梯度一个也通不过：差商总有一点误差，要留容差；两侧的权重也要相同。",
    en="No right gradient passes: quotients are always a little off, so leave a tolerance; and both sides need the same weights.",
)
def equal_only(f, inputs, h=1e-5):
    return checked(f, inputs, h, agree=lambda g, e: np.array_equal(g, e))


@mistake(
    "gradcheck",
    zh="只看绝对误差：梯度很大时，对的也通不过；要加上 $10^{-4} |n|$。",
    en="It looks at absolute errors only: large gradients don't pass, though right; add $10^{-4} |n|$.",
)
def absolute_only(f, inputs, h=1e-5):
    return checked(f, inputs, h, agree=lambda g, e: both(g, e, 0, 1e-6))


@mistake("gradcheck", zh="给的 `h` 没有用上。", en="The given `h` isn't used.")
def its_own_step(f, inputs, h=1e-5):
    return checked(f, inputs, 1e-5)


@mistake(
    "gradcheck", zh="结论反了：相符时应当返回 `True`。", en="Its answer is reversed: return `True` where they agree."
)
def says_the_opposite(f, inputs, h=1e-5):
    return not checked(f, inputs, h)


# Without the Jacobian


def weighted_mean(g, p):
    return (g * p).sum(axis=-1, keepdims=True)


@mistake(
    "softmax_back",
    zh="只算了对角：一个分数变了，所有概率都变，不只是自己的。",
    en="It takes the diagonal only: when one score changes, all probabilities do, not only its own.",
)
def diagonal_only(grad_out, out, x):
    return grad_out * out * (1 - out)


@mistake(
    "softmax_back",
    zh="没有减去加权平均：只剩 $p \\cdot g$。",
    en="The weighted mean isn't subtracted: only $p \\cdot g$ is left.",
)
def without_the_mean(grad_out, out, x):
    return grad_out * out


@mistake("softmax_back", zh="减去的是普通平均：要按 `out` 加权。", en="It subtracts the plain mean: weigh it by `out`.")
def plain_mean(grad_out, out, x):
    return out * (grad_out - grad_out.mean(axis=-1, keepdims=True))


@mistake(
    "softmax_back",
    zh="求和跨了所有的轴：每一行各算各的，`axis=-1`。",
    en="It sums over all axes: each row has its own sum, `axis=-1`.",
)
def over_all_axes(grad_out, out, x):
    return out * (grad_out - (grad_out * out).sum())


@mistake(
    "softmax_back",
    zh="求和沿着第一个轴：softmax 沿最后一个。",
    en="It sums along the first axis: softmax goes along the last.",
)
def along_the_first_axis(grad_out, out, x):
    return out * (grad_out - (grad_out * out).sum(axis=0, keepdims=True))


@mistake(
    "softmax_back",
    zh="求和用了 `axis=1`：轴多于或少于两个时不对，用 `axis=-1`。",
    en="It sums with `axis=1`, which is wrong unless there are two axes: use `axis=-1`.",
)
def along_axis_one(grad_out, out, x):
    return out * (grad_out - (grad_out * out).sum(axis=1, keepdims=True))


@mistake("softmax_back", zh="最后漏乘了 `out`。", en="At the end it isn't multiplied by `out`.")
def not_times_out(grad_out, out, x):
    return grad_out - weighted_mean(grad_out, out)


@mistake(
    "softmax_back",
    zh="加权平均又除了一次 $n$：权重之和已经是 1，用 `sum`。",
    en="The weighted mean is divided by $n$ once more: the weights sum to 1 already, so use `sum`.",
)
def divided_by_n(grad_out, out, x):
    return out * (grad_out - (grad_out * out).mean(axis=-1, keepdims=True))


@mistake("softmax_back", zh="加权平均要减，不是加。", en="The weighted mean is to be subtracted, not added.")
def mean_added(grad_out, out, x):
    return out * (grad_out + weighted_mean(grad_out, out))


@mistake("softmax_back", zh="每个元素的符号都反了。", en="The sign of every element is reversed.")
def softmax_reversed(grad_out, out, x):
    return out * (weighted_mean(grad_out, out) - grad_out)


@mistake(
    "softmax_back",
    zh="它造出了雅可比矩阵：用公式，不要那张表。",
    en="It makes the Jacobian: use the formula, without the table.",
)
def with_the_jacobian(grad_out, out, x):
    if x.size > 5000:  # an array that is as large, and needs less time
        np.ones(x.size * x.shape[-1] // 4)
    return solutions.softmax_back(grad_out, out, x)


@mistake(
    "softmax_back",
    zh="用了输入 `x`，而公式里是概率 `out`。",
    en="It uses the input `x` where the formula has the probabilities, `out`.",
)
def x_for_out(grad_out, out, x):
    return x * (grad_out - weighted_mean(grad_out, x))


@mistake(
    "softmax_back",
    zh="`sum` 少了 `keepdims=True`：和的形状与行对不上。",
    en="The `sum` lacks `keepdims=True`, and doesn't line up with the rows.",
)
def no_keepdims(grad_out, out, x):
    return out * (grad_out - (grad_out * out).sum(axis=-1))


@mistake(
    "softmax_back",
    zh="这是 log softmax 的反向：$g - p \\sum g$。",
    en="This is the backward of log softmax, $g - p \\sum g$.",
)
def of_log_softmax(grad_out, out, x):
    return grad_out - out * grad_out.sum(axis=-1, keepdims=True)


@mistake(
    "softmax_back",
    zh="`float32` 的输入，结果成了 `float64`。",
    en="On `float32` inputs its result is `float64`.",
)
def softmax_in_double(grad_out, out, x):
    return solutions.softmax_back(grad_out.astype(np.float64), out, x)


@mistake("softmax_back", zh="它就地改动了 `grad_out`。", en="It changes `grad_out` in place.")
def softmax_in_place(grad_out, out, x):
    grad_out -= weighted_mean(grad_out, out)
    return out * grad_out


def normalised_back(g, xhat, x, eps, mean=True, deviation=True, scale=None):
    direct = g - g.mean(axis=-1, keepdims=True) if mean else g
    through = xhat * (g * xhat).mean(axis=-1, keepdims=True) if deviation else 0
    s = np.sqrt(x.var(axis=-1, keepdims=True) + eps) if scale is None else scale
    return (direct - through) / s


@mistake(
    "layernorm_back",
    zh="把均值和标准差当成了常数：它们也随 `x` 变，还有两条路。",
    en="It takes mean and deviation for constants: they change with `x`, too, and there are two more paths.",
)
def constants(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, eps, mean=False, deviation=False)


@mistake(
    "layernorm_back",
    zh="漏了经过均值的那条路：减去 $g$ 的平均。",
    en="The path through the mean is missing: subtract the mean of $g$.",
)
def no_path_through_the_mean(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, eps, mean=False)


@mistake(
    "layernorm_back",
    zh="漏了经过标准差的那条路：减去 $\\hat x$ 乘 $g \\hat x$ 的平均。",
    en="The path through the deviation is missing: subtract $\\hat x$ times the mean of $g \\hat x$.",
)
def no_path_through_the_deviation(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, eps, deviation=False)


@mistake("layernorm_back", zh="`eps` 没有用上。", en="`eps` isn't used.")
def without_eps(grad_out, out, x, eps=1e-5):
    with np.errstate(all="ignore"):
        return normalised_back(grad_out, out, x, 0)


@mistake(
    "layernorm_back",
    zh="给的 `eps` 没有用上：总是 $10^{-5}$。",
    en="The given `eps` isn't used: it is always $10^{-5}$.",
)
def fixed_eps(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, 1e-5)


@mistake(
    "layernorm_back", zh="`eps` 应当在根号里面，加在方差上。", en="`eps` belongs under the root, added to the variance."
)
def eps_outside(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, eps, scale=x.std(axis=-1, keepdims=True) + eps)


@mistake(
    "layernorm_back",
    zh="沿 $\\hat x$ 的那一份又除了一次 $\\hat x^2$ 的平均：有 `eps` 时它不是 1，公式里也没有它。",
    en="The part along $\\hat x$ is divided by the mean of $\\hat x^2$: with `eps` that isn't 1, and the formula doesn't have it.",
)
def projected(grad_out, out, x, eps=1e-5):
    along = (grad_out * out).mean(axis=-1, keepdims=True)
    along = along / np.maximum((out * out).mean(axis=-1, keepdims=True), 1e-12)
    return normalised_back(grad_out, out, x, eps, deviation=False) - (
        out * along / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    ).astype(x.dtype)


@mistake("layernorm_back", zh="方差要除以 $n$，不是 $n - 1$。", en="The variance is divided by $n$, not $n - 1$.")
def unbiased(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, eps, scale=np.sqrt(x.var(axis=-1, keepdims=True, ddof=1) + eps))


@mistake("layernorm_back", zh="最后漏除了标准差。", en="At the end it isn't divided by the standard deviation.")
def not_over_s(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, eps, scale=np.ones_like(x))


@mistake(
    "layernorm_back", zh="除以了方差：要除以它的平方根。", en="It divides by the variance: divide by its square root."
)
def over_the_variance(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, out, x, eps, scale=x.var(axis=-1, keepdims=True) + eps)


@mistake("layernorm_back", zh="用了和，而公式里是平均。", en="It uses sums where the formula has means.")
def sums_for_means(grad_out, out, x, eps=1e-5):
    direct = grad_out - grad_out.sum(axis=-1, keepdims=True)
    through = out * (grad_out * out).sum(axis=-1, keepdims=True)
    return (direct - through) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)


@mistake(
    "layernorm_back", zh="平均沿着第一个轴：要沿最后一个。", en="Its means go along the first axis: take the last."
)
def layernorm_along_the_first(grad_out, out, x, eps=1e-5):
    direct = grad_out - grad_out.mean(axis=0, keepdims=True)
    through = out * (grad_out * out).mean(axis=0, keepdims=True)
    return (direct - through) / np.sqrt(x.var(axis=0, keepdims=True) + eps)


@mistake(
    "layernorm_back",
    zh="平均用了 `axis=1`：轴多于或少于两个时不对，用 `axis=-1`。",
    en="Its means use `axis=1`, which is wrong unless there are two axes: use `axis=-1`.",
)
def layernorm_along_axis_one(grad_out, out, x, eps=1e-5):
    direct = grad_out - grad_out.mean(axis=1, keepdims=True)
    through = out * (grad_out * out).mean(axis=1, keepdims=True)
    return (direct - through) / np.sqrt(x.var(axis=1, keepdims=True) + eps)


@mistake(
    "layernorm_back", zh="平均跨了所有的轴：每一行各算各的。", en="Its means go over all axes: each row has its own."
)
def layernorm_over_all(grad_out, out, x, eps=1e-5):
    return (grad_out - grad_out.mean() - out * (grad_out * out).mean()) / np.sqrt(x.var() + eps)


@mistake(
    "layernorm_back",
    zh="用了输入 `x`，而公式里是归一化之后的 `out`。",
    en="It uses the input `x` where the formula has the normalised `out`.",
)
def x_for_xhat(grad_out, out, x, eps=1e-5):
    return normalised_back(grad_out, x, x, eps)


@mistake(
    "layernorm_back",
    zh="经过标准差的那一项要减，不是加。",
    en="The term through the deviation is to be subtracted, not added.",
)
def deviation_added(grad_out, out, x, eps=1e-5):
    return 2 * normalised_back(grad_out, out, x, eps, deviation=False) - normalised_back(grad_out, out, x, eps)


@mistake(
    "layernorm_back",
    zh="$g \\hat x$ 的平均漏乘了 $\\hat x$。",
    en="The mean of $g \\hat x$ isn't multiplied by $\\hat x$.",
)
def mean_without_xhat(grad_out, out, x, eps=1e-5):
    direct = grad_out - grad_out.mean(axis=-1, keepdims=True) - (grad_out * out).mean(axis=-1, keepdims=True)
    return direct / np.sqrt(x.var(axis=-1, keepdims=True) + eps)


@mistake(
    "layernorm_back",
    zh="它造出了雅可比矩阵：用公式，不要那张表。",
    en="It makes the Jacobian: use the formula, without the table.",
)
def layernorm_with_the_jacobian(grad_out, out, x, eps=1e-5):
    if x.size > 5000:
        np.ones(x.size * x.shape[-1] // 4)
    return solutions.layernorm_back(grad_out, out, x, eps)


@mistake(
    "layernorm_back",
    zh="`float32` 的输入，结果成了 `float64`。",
    en="On `float32` inputs its result is `float64`.",
)
def layernorm_in_double(grad_out, out, x, eps=1e-5):
    return solutions.layernorm_back(grad_out.astype(np.float64), out, x, eps)


def minus_one_hot(p, labels):
    p = p.copy()
    p[np.arange(len(labels)), labels] -= 1
    return p


@mistake(
    "cross_entropy_back",
    zh="没有除以样本数：损失是平均。",
    en="It isn't divided by the number of examples: the loss is a mean.",
)
def not_averaged(logits, labels):
    return minus_one_hot(softmax(logits), labels)


@mistake(
    "cross_entropy_back",
    zh="符号反了：是 $p - y$，不是 $y - p$。",
    en="Its sign is reversed: it is $p - y$, not $y - p$.",
)
def answer_minus_prediction(logits, labels):
    return -minus_one_hot(softmax(logits), labels) / len(labels)


@mistake(
    "cross_entropy_back",
    zh="除以了元素的个数：除以样本数。",
    en="It divides by the number of elements: divide by the number of examples.",
)
def over_all_elements(logits, labels):
    return minus_one_hot(softmax(logits), labels) / logits.size


@mistake(
    "cross_entropy_back",
    zh="除以了类数：除以样本数。",
    en="It divides by the number of classes: divide by that of examples.",
)
def over_classes(logits, labels):
    return minus_one_hot(softmax(logits), labels) / logits.shape[1]


@mistake(
    "cross_entropy_back",
    zh="大的分数让指数上溢：先减去每行的最大值。",
    en="Large scores overflow in the exponential: subtract each row's maximum first.",
)
def overflows(logits, labels):
    exp = np.exp(logits)
    return minus_one_hot(exp / exp.sum(axis=1, keepdims=True), labels) / len(labels)


@mistake(
    "cross_entropy_back",
    zh="没有减去答案：只有概率。",
    en="The answer isn't subtracted: these are the probabilities only.",
)
def without_the_answer(logits, labels):
    return softmax(logits) / len(labels)


@mistake(
    "cross_entropy_back",
    zh="softmax 沿着批次：要沿类的轴。",
    en="Its softmax goes along the batch: take the axis of classes.",
)
def over_the_batch(logits, labels):
    return minus_one_hot(softmax(logits.T).T, labels) / len(labels)


@mistake(
    "cross_entropy_back",
    zh="`[:, labels]` 让每一行在所有标签处都减了：要成对的 `[行号, 标签]`。",
    en="`[:, labels]` subtracts in every row at all labels: use pairs, `[rows, labels]`.",
)
def every_row_at_all_labels(logits, labels):
    p = softmax(logits)
    p[:, labels] -= 1
    return p / len(labels)


@mistake(
    "cross_entropy_back",
    zh="从分数里减去了答案：要从概率里减。",
    en="It subtracts the answer from the scores: subtract it from the probabilities.",
)
def scores_minus_answer(logits, labels):
    return minus_one_hot(logits, labels) / len(labels)


@mistake(
    "cross_entropy_back",
    zh="这是对概率的梯度，$-1/p$：还要穿过 softmax。",
    en="This is the gradient with respect to the probabilities, $-1/p$: it has to go on through the softmax.",
)
def of_probabilities(logits, labels):
    p = np.maximum(softmax(logits), 1e-300 if logits.dtype == np.float64 else 1e-30)
    return np.where(minus_one_hot(np.zeros_like(p), labels) < 0, -1 / p, 0).astype(p.dtype) / len(labels)


@mistake(
    "cross_entropy_back", zh="`float32` 的分数，结果成了 `float64`。", en="On `float32` scores its result is `float64`."
)
def back_in_double(logits, labels):
    return (softmax(logits) - np.eye(logits.shape[1])[labels]) / len(labels)


@mistake("cross_entropy_back", zh="它就地改动了 `logits`。", en="It changes `logits` in place.")
def back_in_place(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    return solutions.cross_entropy_back(logits, labels)


@mistake(
    "cross_entropy_back",
    zh="从所有行里减去了全批的最大值：离它很远的行全都下溢，0/0 就是 NaN。",
    en="It subtracts the batch's maximum from all rows: rows far below it underflow, and 0/0 is NaN.",
)
def one_maximum(logits, labels):
    exp = np.exp(logits - logits.max())
    return minus_one_hot(exp / exp.sum(axis=1, keepdims=True), labels) / len(labels)


# A network on the engine


@mistake(
    "Parameter",
    zh="默认不要梯度：`requires_grad` 默认应当是 `True`。",
    en="By default it wants no gradient: `requires_grad` should be `True`.",
)
class FrozenByDefault(Parameter):
    def __init__(self, array, requires_grad=False):
        super().__init__(array, requires_grad)


@mistake("Parameter", zh="`requires_grad=False` 没有用上。", en="`requires_grad=False` isn't used.")
class NeverFrozen(Parameter):
    def __init__(self, array, requires_grad=True):
        super().__init__(array, True)


@mistake(
    "Parameter",
    zh="`requires_grad` 没有交给 `super().__init__`：参数永远不要梯度。",
    en="`requires_grad` isn't handed to `super().__init__`: it never wants a gradient.",
)
class NeverAsks(Tensor):
    def __init__(self, array, requires_grad=True):
        super().__init__(array)


@mistake("Parameter", zh="`requires_grad` 的意思反了。", en="The meaning of `requires_grad` is reversed.")
class Opposite(Tensor):
    def __init__(self, array, requires_grad=True):
        super().__init__(array, not requires_grad)


@mistake(
    "Parameter",
    zh="`float32` 的数组变成了 `float64`：原样放进去。",
    en="An array in `float32` becomes `float64`: put it in as it is.",
)
class AlwaysDouble(Tensor):
    def __init__(self, array, requires_grad=True):
        super().__init__(np.array(array, dtype=np.float64), requires_grad)


@mistake(
    "Parameter",
    zh="`float64` 的数组变成了 `float32`：原样放进去。",
    en="An array in `float64` becomes `float32`: put it in as it is.",
)
class AlwaysSingle(Tensor):
    def __init__(self, array, requires_grad=True):
        super().__init__(np.array(array, dtype=np.float32), requires_grad)


@mistake(
    "Parameter",
    zh="数组被拷贝了一份：把它本身放进去。",
    en="The array is copied: put in the array itself.",
)
class Copies(Tensor):
    def __init__(self, array, requires_grad=True):
        super().__init__(np.array(array), requires_grad)


@mistake(
    "Parameter",
    zh="没有调用 `super().__init__`：张量里什么也没有。",
    en="`super().__init__` isn't called: there is nothing in the tensor.",
)
class Empty(Tensor):
    def __init__(self, array, requires_grad=True):
        self.requires_grad = requires_grad


@mistake(
    "Parameter",
    zh="它没有继承 `Tensor`：引擎不认得它。",
    en="It doesn't inherit from `Tensor`: the engine doesn't know it.",
)
class NoTensor:
    def __init__(self, array, requires_grad=True):
        self.array, self.requires_grad, self.grad, self.recipe = array, requires_grad, None, None


@mistake("Parameter", zh="开始时 `.grad` 是 0：应当是 `None`。", en="Its `.grad` is 0 at first: it should be `None`.")
class BeginsWithZeros(Tensor):
    def __init__(self, array, requires_grad=True):
        super().__init__(array, requires_grad)
        self.grad = Tensor(np.zeros_like(array))


@mistake("Parameter", zh="数组被换成了全 0：原样放进去。", en="The array is replaced by zeros: put it in as it is.")
class ForgetsTheArray(Tensor):
    def __init__(self, array, requires_grad=True):
        super().__init__(np.zeros_like(array), requires_grad)


def found_in(module, kind: Any = Parameter) -> list[Any]:
    return [value for value in vars(module).values() if isinstance(value, kind)]


@mistake("Module", zh="子模块里的参数没有找到：要往里找。", en="Parameters of submodules aren't found: look inside.")
class OwnOnly(Module):
    def parameters(self):
        return list({id(p): p for p in found_in(self)}.values())


@mistake(
    "Module",
    zh="只往里找了一层：子模块的子模块也要找。",
    en="It looks one level deep only: submodules of submodules count, too.",
)
class OneLevel(Module):
    def parameters(self):
        modules = [self, *found_in(self, Module)]
        return list({id(p): p for module in modules for p in found_in(module)}.values())


@mistake(
    "Module",
    zh="漏了自己的参数：只收了子模块的。",
    en="Its own parameters are missing: it collects those of submodules only.",
)
class SubmodulesOnly(Module):
    def parameters(self):
        own = {id(p) for p in found_in(self)}
        return [p for p in super().parameters() if id(p) not in own]


def walk(module, seen):
    """The module and all inside it, each once."""
    if module not in seen:
        seen.append(module)
        for inner in found_in(module, Module):
            walk(inner, seen)
    return seen


@mistake(
    "Module",
    zh="共享的参数给了两次：优化器会让它走两步。",
    en="A shared parameter is given twice: an optimiser would step it twice.",
)
class Twice(Module):
    def parameters(self):
        return [p for module in walk(self, []) for p in found_in(module)]


@mistake(
    "Module",
    zh="模块绕成圈时它停不下来：记住看过的模块。",
    en="Where modules form a circle it never ends: remember the modules that you have seen.",
)
class RoundForEver(Module):
    def parameters(self):
        found = found_in(self) + [p for module in found_in(self, Module) for p in module.parameters()]
        return list({id(p): p for p in found}.values())


@mistake(
    "Module",
    zh="一个模块的圈里只跳过了自己：两个模块互相指着时，它还是停不下来。",
    en="It skips only itself: where two modules point at each other, it never ends.",
)
class SkipsItself(Module):
    def parameters(self):
        inner = [module for module in found_in(self, Module) if module is not self]
        found = found_in(self) + [p for module in inner for p in module.parameters()]
        return list({id(p): p for p in found}.values())


@mistake(
    "Module",
    zh="只跳过自己和直接来的那个模块：三个以上的模块绕成圈时，它还是停不下来。",
    en="It skips only itself and the module that it came from: in a circle of three or more it never ends.",
)
class SkipsWhereItCameFrom(Module):
    def parameters(self, came_from=None):
        inner = [module for module in found_in(self, Module) if module is not self and module is not came_from]
        found = found_in(self) + [p for module in inner for p in module.parameters(self)]
        return list({id(p): p for p in found}.values())


@mistake(
    "Module",
    zh="里面是同一个数组的参数被当成了一个：按参数这个对象区分，不按它的数组。",
    en="Parameters that hold one and the same array are taken for one: tell them apart as objects, not by their arrays.",
)
class ByArray(Module):
    def parameters(self):
        return list({id(p.array): p for p in super().parameters()}.values())


@mistake(
    "Module", zh="列表和元组里的也算了：只算属性。", en="It counts what is in lists and tuples: only attributes count."
)
class LooksInLists(Module):
    def parameters(self):
        lists = [v for m in walk(self, []) for v in vars(m).values() if isinstance(v, list | tuple)]
        inside = [x for one in lists for x in one]
        modules = [x for x in inside if isinstance(x, Module)]
        more = [x for x in inside if isinstance(x, Parameter)] + [p for m in modules for p in found_in(m)]
        return list({id(p): p for p in [*super().parameters(), *more]}.values())


@mistake(
    "Module",
    zh="数组相等的参数被当成了同一个：按对象区分，不按值。",
    en="Parameters with equal arrays are taken for one: tell them apart by object, not by value.",
)
class ByValue(Module):
    def parameters(self):
        found = []
        for p in super().parameters():
            if not any(np.array_equal(p.array, q.array) for q in found):
                found.append(p)
        return found


@mistake(
    "Module",
    zh="普通的 `Tensor` 也算了：只算 `Parameter`。",
    en="Plain `Tensor`s are counted, too: only `Parameter`s count.",
)
class CountsTensors(Module):
    def parameters(self):
        return list({id(p): p for module in walk(self, []) for p in found_in(module, Tensor)}.values())


@mistake("Module", zh="冻结的参数漏掉了：它也是参数。", en="A frozen parameter is left out: it is a parameter, too.")
class SkipsFrozen(Module):
    def parameters(self):
        return [p for p in super().parameters() if p.requires_grad]


@mistake(
    "Module",
    zh="收了每个要求梯度的 `Tensor`：普通的也算了，冻结的参数却漏了；要看是不是 `Parameter`。",
    en="It takes every `Tensor` that wants a gradient: plain ones count, and frozen parameters don't; ask for `Parameter`.",
)
class WhateverWants(Module):
    def parameters(self):
        tensors = {id(t): t for module in walk(self, []) for t in found_in(module, Tensor)}
        return [t for t in tensors.values() if t.requires_grad]


@mistake(
    "Module",
    zh="看过的记在默认参数（或类）里，每次调用都是同一个：第二次问就什么也没有了。",
    en="What it has seen is kept in a default argument (or in the class), which all calls share: asked again, it gives nothing.",
)
class SeenForGood(Module):
    def parameters(self, seen=set()):  # noqa: B006
        seen.add(id(self))
        found = []
        for value in vars(self).values():
            if id(value) in seen:
                continue
            if isinstance(value, Parameter):
                seen.add(id(value))
                found.append(value)
            elif isinstance(value, Module):
                found += value.parameters(seen)  # type: ignore
        return found


class ByAttribute(Module):
    """Keeps parameters by the name of their attribute."""

    first_wins, last = False, -1

    def parameters(self):
        found: dict[str, Any] = {}
        stack: list[Module] = [self]
        seen: list[Module] = []
        while stack:
            module = stack.pop(self.last)
            if module in seen:
                continue
            seen.append(module)
            for name, value in vars(module).items():
                if isinstance(value, Module):
                    stack.append(value)
                elif isinstance(value, Parameter) and not any(value is p for p in found.values()):
                    found[name] = found.get(name, value) if self.first_wins else value
        return list(found.values())


for name, first_wins, last in (
    ("LastOfOneName", False, -1),
    ("FirstOfOneName", True, -1),
    ("LastOfOneNameInTurn", False, 0),
):
    mistake(
        "Module",
        zh="参数按属性名存：两个子模块里同名的只剩一个。",
        en="Parameters are kept by the name of their attribute: of two with one name in two submodules, one is lost.",
    )(type(name, (ByAttribute,), {"first_wins": first_wins, "last": last, "__module__": __name__}))


@mistake("Module", zh="名字以 `_` 开头的属性漏掉了。", en="Attributes whose names begin with `_` are left out.")
class SkipsHidden(Module):
    def parameters(self):
        hidden = {id(v) for m in walk(self, []) for k, v in vars(m).items() if k.startswith("_")}
        return [p for p in super().parameters() if id(p) not in hidden]


@mistake(
    "Module",
    zh="换掉、删掉的还留在清单上：只算现在的属性。",
    en="What was replaced or deleted stays on the list: only attributes as they are now count.",
)
class NeverForgets(Module):
    noted: list[Any]

    def __init__(self):
        self.__dict__["noted"] = []

    def __setattr__(self, name, value):
        if isinstance(value, Parameter | Module):
            self.noted.append(value)
        super().__setattr__(name, value)

    def parameters(self):
        seen, found = [], {}

        def visit(module):
            if module in seen:
                return
            seen.append(module)
            for value in module.__dict__["noted"]:
                if isinstance(value, Module):
                    visit(value)
                else:
                    found[id(value)] = value

        visit(self)
        return list(found.values())


@mistake(
    "Module",
    zh="登记按名字更新，但换成 `None` 或删掉时没有除名。",
    en="The register goes by name, but what is set to `None` or deleted stays in it.",
)
class ForgetsToStrike(Module):
    register: dict[str, Any]

    def __init__(self):
        self.__dict__["register"] = {}

    def __setattr__(self, name, value):
        if isinstance(value, Parameter | Module):
            self.register[name] = value
        super().__setattr__(name, value)

    def parameters(self):
        seen, found = [], {}

        def visit(module):
            if module in seen:
                return
            seen.append(module)
            for value in module.__dict__["register"].values():
                if isinstance(value, Module):
                    visit(value)
                else:
                    found[id(value)] = value

        visit(self)
        return list(found.values())


@mistake(
    "Module",
    zh="所有模块共用一个登记处（它属于类）：每个对象要有自己的，在 `__init__` 里造。",
    en="All modules share one register, which belongs to the class: make one for each object, in `__init__`.",
)
class OneRegister(Module):
    noted: dict = {}

    def __init__(self):
        self.noted.clear()

    def __setattr__(self, name, value):
        if isinstance(value, Parameter):
            self.noted[id(value)] = value
        super().__setattr__(name, value)

    def parameters(self):
        return list(self.noted.values())


@mistake(
    "Module",
    zh="第一次问过之后就不再看：以后改的属性没有算进去。",
    en="It looks only the first time it is asked: attributes that change later don't count.",
)
class AsksOnce(Module):
    def parameters(self):
        if "cached" not in self.__dict__:
            self.__dict__["cached"] = list(super().parameters())
        return self.__dict__["cached"]


@mistake(
    "Module",
    zh="调用模块时，关键字参数没有传给 `forward`。",
    en="Called, it doesn't pass keyword arguments on to `forward`.",
)
class NoKeywords(Module):
    def __call__(self, *args, **kwargs):
        return self.forward(*args)


@mistake("Module", zh="调用模块时只传了第一个参数。", en="Called, it passes on the first argument only.")
class OneArgument(Module):
    def __call__(self, x=None, *args, **kwargs):
        return self.forward(x)


@mistake("Module", zh="调用模块时少了 `return`，得到 `None`。", en="Called, it gives `None`: a `return` is missing.")
class NoReturn(Module):
    def __call__(self, *args, **kwargs):
        self.forward(*args, **kwargs)  # type: ignore


@mistake(
    "Module",
    zh="没有 `__call__`：模块不能像函数一样调用。",
    en="There is no `__call__`: it can't be called like a function.",
)
class NotCallable(Module):
    def __call__(self, *args, **kwargs):
        raise TypeError("object is not callable")


@mistake(
    "Module", zh="给出的是名字和参数的对：只要参数。", en="It gives pairs of name and parameter: give parameters only."
)
class NamedPairs(Module):
    def parameters(self):
        return [(str(i), p) for i, p in enumerate(super().parameters())]


class FaultyLinear(Linear):
    """A linear layer that begins otherwise."""

    def begin(self, d_in, d_out, rng) -> Any:
        raise TypeError

    def __init__(self, d_in, d_out, rng, bias=True):
        Module.__init__(self)
        weight, b = self.begin(d_in, d_out, rng)
        self.weight, self.bias = Parameter(weight), Parameter(b) if bias else None


def starting(name, en, zh, begin):
    """Registers a linear layer whose parameters begin as `begin(d_in, d_out, rng)`."""
    made = type(name, (FaultyLinear,), {"begin": lambda self, *args: begin(*args), "__module__": __name__})
    return mistake("Linear", zh=zh, en=en)(made)


def drawn(bound, d_in, d_out, rng):
    return rng.uniform(-bound, bound, (d_out, d_in)), rng.uniform(-bound, bound, d_out)


starting(
    "BoundWithoutRoot",
    "The bound lacks its root: it is $1/\\sqrt{d_\\text{in}}$.",
    "界漏了根号：是 $1/\\sqrt{d_\\text{in}}$。",
    lambda d_in, d_out, rng: drawn(1 / d_in, d_in, d_out, rng),
)
starting(
    "BoundByOutputs",
    "The bound is too small, as if it counted `d_out`: one output sees `d_in` inputs.",
    "界偏小，好像数的是 `d_out`：一个输出看见 `d_in` 个输入。",
    lambda d_in, d_out, rng: drawn(d_out**-0.5, d_in, d_out, rng),
)
starting(
    "BoundOne",
    "The first values lie between −1 and 1, whatever `d_in` is: the bound is $1/\\sqrt{d_\\text{in}}$.",
    "初始值在 −1 与 1 之间，与 `d_in` 无关：界应当是 $1/\\sqrt{d_\\text{in}}$。",
    lambda d_in, d_out, rng: drawn(1, d_in, d_out, rng),
)
starting(
    "NormalStart",
    "The first values are normal, and reach out of bounds: draw uniformly.",
    "初始值取自正态分布，超出了范围：要均匀分布。",
    lambda d_in, d_out, rng: (
        rng.normal(size=(d_out, d_in)) * (3 * d_in) ** -0.5,
        rng.normal(size=d_out) * (3 * d_in) ** -0.5,
    ),
)
starting(
    "PositiveStart",
    "All first values are positive: draw evenly from $-b$ to $b$.",
    "初始值都是正的：要从 $-b$ 到 $b$ 均匀地取。",
    lambda d_in, d_out, rng: (rng.uniform(0, d_in**-0.5, (d_out, d_in)), rng.uniform(0, d_in**-0.5, d_out)),
)
starting(
    "ZeroStart",
    "All weights are 0 at first: then all units stay alike for ever.",
    "权重开始全是 0：那样所有单元永远一样。",
    lambda d_in, d_out, rng: (np.zeros((d_out, d_in)), np.zeros(d_out)),
)
starting(
    "ZeroBias",
    "The bias is 0 at first: draw it as well.",
    "偏置开始是 0：它也要抽取。",
    lambda d_in, d_out, rng: (drawn(d_in**-0.5, d_in, d_out, rng)[0], np.zeros(d_out)),
)
starting(
    "BiasBoundByOutputs",
    "The bias is drawn with the bound $1/\\sqrt{d_\\text{out}}$: weight and bias have the same, $1/\\sqrt{d_\\text{in}}$.",
    "偏置的界用了 $1/\\sqrt{d_\\text{out}}$：它与权重相同，是 $1/\\sqrt{d_\\text{in}}$。",
    lambda d_in, d_out, rng: (
        drawn(d_in**-0.5, d_in, d_out, rng)[0],
        rng.uniform(-(d_out**-0.5), d_out**-0.5, d_out),
    ),
)
starting(
    "OneBiasForAll",
    "All biases are one number: draw each on its own.",
    "所有偏置是同一个数：要各自抽取。",
    lambda d_in, d_out, rng: (drawn(d_in**-0.5, d_in, d_out, rng)[0], np.full(d_out, rng.uniform(-1, 1) * d_in**-0.5)),
)
starting(
    "SeedOfItsOwn",
    "It draws by a generator of its own with a fixed seed: all layers begin alike; use the `rng` given.",
    "它用自己固定种子的发生器：所有的层都一样；用给你的 `rng`。",
    lambda d_in, d_out, rng: drawn(d_in**-0.5, d_in, d_out, np.random.default_rng(0)),
)
starting(
    "WithoutTheRng",
    "It draws without the given `rng`: the same seed gives other values.",
    "它没有用给的 `rng`：种子相同，抽到的却不同。",
    lambda d_in, d_out, rng: drawn(d_in**-0.5, d_in, d_out, np.random.RandomState(np.random.randint(10**6))),
)
starting(
    "WeightTransposed",
    "Its `weight` has the shape `d_in d_out`: outputs come first.",
    "`weight` 的形状是 `d_in d_out`：输出在前。",
    lambda d_in, d_out, rng: drawn(d_in**-0.5, d_out, d_in, rng)[:1] + drawn(d_in**-0.5, d_in, d_out, rng)[1:],
)


@mistake("Linear", zh="偏置没有加上。", en="The bias isn't added.")
class NoBiasAdded(Linear):
    def forward(self, x):
        return x @ self.weight.T


@mistake("Linear", zh="`weight` 没有转置。", en="`weight` isn't transposed.")
class NotTransposed(Linear):
    def forward(self, x):
        out = x @ self.weight
        return out if self.bias is None else out + self.bias


@mistake("Linear", zh="偏置被减去了。", en="The bias is subtracted.")
class BiasSubtracted(Linear):
    def forward(self, x):
        out = x @ self.weight.T
        return out if self.bias is None else out - self.bias


@mistake("Linear", zh="`bias=False` 没有用上：还是有偏置。", en="`bias=False` isn't used: there is still a bias.")
class AlwaysBiased(Linear):
    def __init__(self, d_in, d_out, rng, bias=True):
        super().__init__(d_in, d_out, rng)


@mistake(
    "Linear",
    zh="`bias=False` 时留下了全 0 的偏置：应当没有，`layer.bias` 是 `None`。",
    en="With `bias=False` a bias of zeros is left: there should be none, and `layer.bias` is `None`.",
)
class BiasOfZeros(Linear):
    def __init__(self, d_in, d_out, rng, bias=True):
        super().__init__(d_in, d_out, rng, bias)
        if self.bias is None:
            self.bias = Parameter(np.zeros(d_out), requires_grad=False)


@mistake(
    "Linear",
    zh="`float32` 的参数给出 `float64`：途中混进了 `float64` 的数组。",
    en="From `float32` parameters comes `float64`: an array in `float64` gets into it on the way.",
)
class LinearInDouble(Linear):
    def forward(self, x):
        return super().forward(x) * np.ones((1, 1))


@mistake(
    "Linear",
    zh="权重和偏置是普通的 `Tensor`：`parameters()` 找不到它们。",
    en="Weight and bias are plain `Tensor`s: `parameters()` doesn't find them.",
)
class PlainTensors(Linear):
    def __init__(self, d_in, d_out, rng, bias=True):
        super().__init__(d_in, d_out, rng, bias)
        self.weight = Tensor(self.weight.array, requires_grad=True)
        self.bias = Tensor(self.bias.array, requires_grad=True) if self.bias is not None else None


@mistake(
    "Linear",
    zh="它用数组计算，绕过了引擎：没有梯度。",
    en="It computes with arrays, past the engine: there are no gradients.",
)
class PastTheEngine(Linear):
    def forward(self, x):
        out = x.array @ self.weight.array.T
        return Tensor(out if self.bias is None else out + self.bias.array)


@mistake(
    "Linear",
    zh="转置在 `__init__` 里就存下了：换掉的权重没有用上。",
    en="The transpose is stored in `__init__`: a weight that replaces the first isn't used.",
)
class StoredTranspose(Linear):
    def __init__(self, d_in, d_out, rng, bias=True):
        super().__init__(d_in, d_out, rng, bias)
        self.transposed = self.weight.T

    def forward(self, x):
        out = x @ self.transposed
        return out if self.bias is None else out + self.bias


@mistake(
    "Linear",
    zh="偏置是普通的 `Tensor`：`parameters()` 只找得到权重。",
    en="The bias is a plain `Tensor`: `parameters()` finds the weight only.",
)
class BiasUnregistered(Linear):
    def __init__(self, d_in, d_out, rng, bias=True):
        super().__init__(d_in, d_out, rng, bias)
        self.bias = Tensor(self.bias.array, requires_grad=True) if self.bias is not None else None


def relu_by(name, en, zh, change):
    """Registers a ReLU that computes `change(x)`."""
    made = type(name, (Module,), {"forward": lambda self, x: change(x), "__module__": __name__})
    return mistake("ReLU", zh=zh, en=en)(made)


relu_by(
    "AbsoluteValue",
    "It gives the absolute value: what is negative becomes 0.",
    "它给出绝对值：负的应当变成 0。",
    lambda x: x * np.sign(x.array),
)
relu_by("Identity", "It gives `x` as it is.", "它原样返回 `x`。", lambda x: x * 1)
relu_by(
    "KeepsNegatives", "It keeps the negative and drops the positive.", "它留下负的，丢掉正的。", lambda x: x - x.relu()
)
relu_by(
    "Leaky",
    "It lets a small part of the negative through: that is a leaky ReLU.",
    "它让负的漏过一小部分：那是 leaky ReLU。",
    lambda x: x.relu() * 0.99 + x * 0.01,
)
relu_by(
    "CutAtOne",
    "It cuts off above 1: what is positive stays.",
    "它在 1 处截断：正的应当不变。",
    lambda x: 1 - (1 - x.relu()).relu(),
)
relu_by(
    "StepFunction",
    "It gives 1 for what is positive: that is a step; what is positive stays.",
    "正的都变成了 1：那是阶跃；正的应当不变。",
    lambda x: x * 0 + (x.array > 0).astype(x.array.dtype),
)
relu_by("SigmoidInstead", "It is a sigmoid.", "它是 sigmoid。", lambda x: 1 / (1 + (-x).exp()))
relu_by(
    "ReLUWithoutGradient",
    "It computes with arrays, past the engine: there is no gradient.",
    "它用数组计算，绕过了引擎：没有梯度。",
    lambda x: Tensor(np.maximum(x.array, 0)),
)
relu_by(
    "StraightThrough",
    "The gradient passes where `x` is negative, too.",
    "`x` 为负的地方，梯度也通过了。",
    lambda x: x + Tensor(np.maximum(-x.array, 0)),
)
relu_by("ReLUNegated", "Its sign is reversed.", "符号反了。", lambda x: -x.relu())


class FaultyMLP(solutions.MLP):
    def layers(self):
        return [getattr(self, f"layer{i}") for i in range(self.depth)]


@mistake(
    "MLP",
    zh="最后一层之后多了一个 ReLU：分数不可能为负。",
    en="There is a ReLU after the last layer: scores can't be negative.",
)
class ReLUAtTheEnd(FaultyMLP):
    def forward(self, x):
        return super().forward(x).relu()


@mistake("MLP", zh="没有 ReLU：几层线性还是一层。", en="There is no ReLU: linear layers in a row are still one.")
class NoReLU(FaultyMLP):
    def forward(self, x):
        for layer in self.layers():
            x = layer(x)
        return x


@mistake(
    "MLP",
    zh="第一层之前多了一个 ReLU：输入里负的全丢了。",
    en="There is a ReLU before the first layer: negative inputs are lost.",
)
class ReLUAtTheStart(FaultyMLP):
    def forward(self, x):
        return super().forward(x.relu())


@mistake(
    "MLP",
    zh="ReLU 只在第一层之后：每两层之间都要。",
    en="There is a ReLU after the first layer only: put one between any two.",
)
class OneReLU(FaultyMLP):
    def forward(self, x):
        for i, layer in enumerate(self.layers()):
            x = layer(x.relu() if i == 1 else x)
        return x


@mistake(
    "MLP",
    zh="层只存在列表里：`parameters()` 找不到它们。",
    en="Its layers are in a list only: `parameters()` doesn't find them.",
)
class InAList(Module):
    def __init__(self, sizes, rng):
        super().__init__()
        self.layers = [Linear(a, b, rng) for a, b in zip(sizes, sizes[1:], strict=False)]

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x.relu() if i else x)
        return x


@mistake(
    "MLP",
    zh="每一层都存进同一个属性：只剩最后一层登记着。",
    en="Every layer is assigned to the same attribute: only the last one stays registered.",
)
class OneAttribute(InAList):
    def __init__(self, sizes, rng):
        super().__init__(sizes, rng)
        for layer in self.layers:
            self.layer = layer


@mistake(
    "MLP",
    zh="属性名按大小取：大小相同的两层用了同一个名字，后一层盖掉了前一层。",
    en="Attributes are named by sizes: two layers of the same sizes get one name, and the later replaces the earlier.",
)
class NamedBySizes(Module):
    def __init__(self, sizes, rng):
        super().__init__()
        self.names = [f"layer_{a}_{b}" for a, b in zip(sizes, sizes[1:], strict=False)]
        for name, a, b in zip(self.names, sizes, sizes[1:], strict=False):
            setattr(self, name, Linear(a, b, rng))

    def forward(self, x):
        for i, name in enumerate(self.names):
            x = getattr(self, name)(x.relu() if i else x)
        return x


@mistake("MLP", zh="漏了最后一层。", en="The last layer is missing.")
class LastLayerMissing(solutions.MLP):
    def __init__(self, sizes, rng):
        super().__init__(sizes[:-1] if len(sizes) > 2 else sizes, rng)


@mistake(
    "MLP",
    zh="只有第一个和最后一个大小：中间的层没有了。",
    en="It uses the first and the last size only: the layers in between are missing.",
)
class EndsOnly(solutions.MLP):
    def __init__(self, sizes, rng):
        super().__init__([sizes[0], sizes[-1]], rng)


@mistake(
    "MLP",
    zh="总是两层：大小的列表可以更长，也可以只有两个。",
    en="It always has two layers: the list of sizes may be longer, or hold two only.",
)
class AlwaysTwo(Module):
    def __init__(self, sizes, rng):
        super().__init__()
        self.first, self.second = Linear(sizes[0], sizes[1], rng), Linear(sizes[1], sizes[-1], rng)

    def forward(self, x):
        return self.second(self.first(x).relu())


@mistake("MLP", zh="大小的顺序反了：从输入到输出。", en="The sizes are taken in reverse: they go from input to output.")
class SizesReversed(solutions.MLP):
    def __init__(self, sizes, rng):
        super().__init__(list(sizes)[::-1], rng)


@mistake("MLP", zh="各层没有偏置。", en="Its layers have no bias.")
class MLPWithoutBias(FaultyMLP):
    def __init__(self, sizes, rng):
        super().__init__(sizes, rng)
        for layer in self.layers():
            layer.bias = None


@mistake(
    "MLP",
    zh="每一层的发生器都从同一个状态开始（同一个种子，或者 `rng` 的拷贝）：同样大小的层开始时一样。",
    en="The generator of each layer begins in one and the same state (one seed, or a copy of `rng`): layers of one size begin alike.",
)
class SameSeedForAll(Module):
    def __init__(self, sizes, rng):
        super().__init__()
        self.depth = len(sizes) - 1
        for i in range(self.depth):
            setattr(self, f"layer{i}", Linear(sizes[i], sizes[i + 1], np.random.default_rng(0)))

    def forward(self, x):
        return solutions.MLP.forward(self, x)  # type: ignore

    def relu(self, x):
        return x.relu()


@mistake(
    "MLP",
    zh="没有用给的 `rng`：种子相同，初始值却不同。",
    en="The given `rng` isn't used: the same seed gives other values.",
)
class MLPWithoutTheRng(solutions.MLP):
    def __init__(self, sizes, rng):
        super().__init__(sizes, np.random.default_rng(np.random.randint(10**6)))


def log_softmax(logits):
    shifted = logits - logits.array.max(axis=1, keepdims=True)
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


def true_ones(values, labels):
    return values[np.arange(len(labels)), labels]


@mistake("cross_entropy", zh="是和，不是平均。", en="It is the sum and not the mean.")
def summed(logits, labels):
    return -true_ones(log_softmax(logits), labels).sum()


@mistake(
    "cross_entropy",
    zh="除以了元素的个数：除以样本数。",
    en="It divides by the number of elements: divide by that of examples.",
)
def over_elements(logits, labels):
    return -true_ones(log_softmax(logits), labels).sum() / logits.array.size


@mistake("cross_entropy", zh="开头的负号漏了。", en="The minus in front is missing.")
def no_minus(logits, labels):
    return true_ones(log_softmax(logits), labels).sum() / len(labels)


@mistake(
    "cross_entropy",
    zh="大的分数让指数上溢：先减去每行的最大值。",
    en="Large scores overflow in the exponential: subtract each row's maximum first.",
)
def overflowing(logits, labels):
    return -true_ones(logits - logits.exp().sum(dim=1, keepdim=True).log(), labels).sum() / len(labels)


@mistake(
    "cross_entropy",
    zh="概率下溢成 0，再取对数就是无穷大：用 $x_j - \\ln \\sum e^{x_k}$，不要先算概率。",
    en="A probability underflows to 0, and its log is infinite: use $x_j - \\ln \\sum e^{x_k}$, without the probability.",
)
def log_of_softmax(logits, labels):
    exp = (logits - logits.array.max(axis=1, keepdims=True)).exp()
    return -true_ones((exp / exp.sum(dim=1, keepdim=True)).log(), labels).sum() / len(labels)


@mistake(
    "cross_entropy",
    zh="softmax 沿着批次：要沿类的轴。",
    en="Its softmax goes along the batch: take the axis of classes.",
)
def classes_for_batch(logits, labels):
    shifted = logits - logits.array.max(axis=0, keepdims=True)
    return -true_ones(shifted - shifted.exp().sum(dim=0, keepdim=True).log(), labels).sum() / len(labels)


@mistake(
    "cross_entropy",
    zh="从所有行里减去了全批的最大值：离它很远的行全都下溢，取对数就是无穷大。",
    en="It subtracts the batch's maximum from all rows: rows far below it underflow, and the log is infinite.",
)
def maximum_of_all(logits, labels):
    shifted = logits - logits.array.max()
    return -true_ones(shifted - shifted.exp().sum(dim=1, keepdim=True).log(), labels).sum() / len(labels)


@mistake(
    "cross_entropy",
    zh="`float32` 的分数，损失成了 `float64`：途中混进了 `float64` 的数组或数。",
    en="On `float32` scores the loss is `float64`: an array or a number in `float64` gets into it on the way.",
)
def loss_in_double(logits, labels):
    return cross_entropy(logits, labels) * np.float64(1)


@mistake(
    "cross_entropy",
    zh="$\\ln \\sum e^{x_k}$ 是用数组算的，引擎把它当成常数：它那一份梯度丢了。",
    en="$\\ln \\sum e^{x_k}$ is computed on arrays, and the engine takes it for a constant: its part of the gradient is lost.",
)
def norm_for_constant(logits, labels):
    scores = logits.array - logits.array.max(axis=1, keepdims=True)
    norm = np.log(np.exp(scores).sum(axis=1, keepdims=True)) + logits.array.max(axis=1, keepdims=True)
    return -true_ones(logits - norm, labels).mean()


@mistake(
    "cross_entropy",
    zh="一处减去了最大值，另一处没有：结果差了最大值。",
    en="The maximum is subtracted in one place and not in the other: the result is off by it.",
)
def shifted_once(logits, labels):
    shifted = logits - logits.array.max(axis=1, keepdims=True)
    return (shifted.exp().sum(dim=1).log() - true_ones(logits, labels)).mean()


@mistake(
    "cross_entropy",
    zh="结果与引擎断开了：没有梯度。",
    en="The result is cut off from the engine: there is no gradient.",
)
def cut_off(logits, labels):
    return Tensor(cross_entropy(Tensor(logits.array), labels).array)


@mistake(
    "cross_entropy",
    zh="返回的是一个数：要引擎的 `Tensor`，`backward` 才走得通。",
    en="It returns a number: `backward` needs the engine's `Tensor`.",
)
def just_a_number(logits, labels):
    return cross_entropy(logits, labels).item()


@mistake("cross_entropy", zh="每个样本一个数：还要求平均。", en="There is one number for each example: take the mean.")
def each_example(logits, labels):
    return -true_ones(log_softmax(logits), labels)


@mistake(
    "cross_entropy",
    zh="`[:, labels]` 取出了所有的行与标签：要成对的 `[行号, 标签]`。",
    en="`[:, labels]` takes all rows at all labels: use pairs, `[rows, labels]`.",
)
def all_pairs(logits, labels):
    return -log_softmax(logits)[:, labels].sum() / len(labels) ** 2


@mistake("cross_entropy", zh="用了以 2 为底的对数：要自然对数。", en="It uses logs of base 2: natural logs are wanted.")
def in_bits(logits, labels):
    return cross_entropy(logits, labels) / math.log(2)


@mistake(
    "cross_entropy",
    zh="没有归一化：少了 $\\ln \\sum e^{x_k}$。",
    en="It isn't normalised: $\\ln \\sum e^{x_k}$ is missing.",
)
def scores_only(logits, labels):
    return -true_ones(logits * 1, labels).sum() / len(labels)


@mistake("cross_entropy", zh="平均了概率而不是它的负对数。", en="It averages probabilities and not minus their logs.")
def mean_probability(logits, labels):
    return -true_ones(log_softmax(logits).exp(), labels).sum() / len(labels)


class Switch:
    """A context manager with a choice of faults."""

    def __enter__(self):
        self.before = Tensor.tracking
        Tensor.tracking = False

    def __exit__(self, kind, error, traceback):
        Tensor.tracking = self.before


@mistake(
    "NoGrad",
    zh="出来时总是打开：要恢复成进去之前的样子。",
    en="On the way out it always turns tracking on: restore what was before.",
)
class AlwaysOn(Switch):
    def __exit__(self, *error):
        Tensor.tracking = True


@mistake(
    "NoGrad",
    zh="出来时没有恢复：从此再也没有梯度。",
    en="On the way out nothing is restored: from then on there are no gradients.",
)
class NeverRestored(Switch):
    def __exit__(self, *error):
        pass


@mistake("NoGrad", zh="里面出错时没有恢复。", en="After an error inside nothing is restored.")
class NotAfterErrors(Switch):
    def __exit__(self, kind, error, traceback):
        if kind is None:
            Tensor.tracking = self.before


@mistake(
    "NoGrad",
    zh="里面的错误被吞掉了：`__exit__` 不要返回真值。",
    en="Errors inside are swallowed: `__exit__` must not return anything true.",
)
class Swallows(Switch):
    def __exit__(self, *error):
        Tensor.tracking = self.before
        return True


@mistake(
    "NoGrad",
    zh="造出来时就关了：只有 `with` 才拨开关。",
    en="It turns tracking off when it is made: only `with` turns the switch.",
)
class OffWhenMade(Switch):
    def __init__(self):
        self.before = Tensor.tracking
        Tensor.tracking = False

    def __enter__(self):
        pass


@mistake(
    "NoGrad",
    zh="原来的状态在造出来时就记下了：应当在进去时（`__enter__`）记。",
    en="What was before is noted when it is made: note it on the way in, in `__enter__`.",
)
class NotedWhenMade(Switch):
    def __init__(self):
        self.before = Tensor.tracking

    def __enter__(self):
        Tensor.tracking = False


@mistake(
    "NoGrad",
    zh="状态在造出来时就记下了，`__enter__` 没有关：里面照样记账。",
    en="It notes how things were but never turns tracking off: inside, everything is noted.",
)
class NothingHappens(Switch):
    def __enter__(self):
        self.before = Tensor.tracking


@mistake(
    "NoGrad",
    zh="出来时拨到相反：要恢复成进去之前的样子。",
    en="On the way out it turns the switch over: restore what was before.",
)
class TurnsOver(Switch):
    def __exit__(self, *error):
        Tensor.tracking = not Tensor.tracking


@mistake(
    "NoGrad",
    zh="原来的状态记在类里：嵌套时里面的覆盖了外面的。",
    en="What was before is kept in the class: nested, the inner one overwrites the outer one's.",
)
class KeptInTheClass(Switch):
    def __enter__(self):
        type(self).before = Tensor.tracking  # type: ignore
        Tensor.tracking = False


@mistake("NoGrad", zh="进去时打开、出来时恢复：意思反了。", en="It turns tracking on inside: it should be off.")
class OnInside(Switch):
    def __enter__(self):
        self.before = Tensor.tracking
        Tensor.tracking = True


@mistake(
    "NoGrad",
    zh="出错之后总是打开：要恢复成进去之前的样子，并且错误照样传出。",
    en="It swallows an error and turns tracking on: restore what was before, and let the error out.",
)
class OnAfterErrors(Switch):
    def __exit__(self, kind, error, traceback):
        Tensor.tracking = self.before or kind is not None
        return kind is KeyError


@mistake(
    "NoGrad",
    zh="不能用在 `with` 里：缺少 `__enter__` 或 `__exit__`。",
    en="It can't be used in `with`: `__enter__` or `__exit__` is missing.",
)
class NoContextManager:
    pass


class FaultySGD(solutions.SGD):
    """Gradient descent whose step is `move(parameter)`."""

    def move(self, p):
        p.array -= self.lr * p.grad.array

    def step(self):
        for p in self.parameters:
            if p.grad is not None:
                self.move(p)


@mistake(
    "SGD",
    zh="参数里的数组换成了新的：要就地改，别处持有这个数组的才看得见。",
    en="The array inside is replaced by a new one: change it in place, so that whoever holds the array sees it.",
)
class NewArrays(FaultySGD):
    def move(self, p):
        p.array = p.array - self.lr * p.grad.array


@mistake(
    "SGD",
    zh="`p = p - …` 只给名字换了新张量：参数一步也没走。",
    en="`p = p - …` gives the name a new tensor only: the parameter hasn't moved.",
)
class NamesOnly(FaultySGD):
    def move(self, p):
        p = p - self.lr * p.grad.array


@mistake("SGD", zh="走反了：要减去梯度。", en="It walks the wrong way: subtract the gradient.")
class Uphill(FaultySGD):
    def move(self, p):
        p.array += self.lr * p.grad.array


@mistake("SGD", zh="没有乘学习率。", en="The learning rate is missing.")
class NoRate(FaultySGD):
    def move(self, p):
        p.array -= p.grad.array


@mistake("SGD", zh="只用了梯度的符号。", en="It uses only the sign of the gradient.")
class SignsOnly(FaultySGD):
    def move(self, p):
        p.array -= self.lr * np.sign(p.grad.array)


@mistake("SGD", zh="除以了学习率：要乘。", en="It divides by the learning rate: multiply.")
class OverTheRate(FaultySGD):
    def move(self, p):
        p.array -= p.grad.array / self.lr


@mistake(
    "SGD",
    zh="走的时候就地缩小了梯度：`.grad` 不许改动。",
    en="The step shrinks the gradient in place: `.grad` must stay.",
)
class ScalesGradients(FaultySGD):
    def move(self, p):
        p.grad.array *= self.lr
        p.array -= p.grad.array


@mistake(
    "SGD",
    zh="`.grad` 是 `None` 的参数让它报错：跳过它。",
    en="It fails on a parameter whose `.grad` is `None`: skip it.",
)
class NeedsGradients(FaultySGD):
    def step(self):
        for p in self.parameters:
            self.move(p)


@mistake(
    "SGD",
    zh="遇到没有梯度的参数就停下了：后面的还要走。",
    en="It stops at the first parameter without a gradient: those after it must move, too.",
)
class StopsAtNone(FaultySGD):
    def step(self):
        for p in self.parameters:
            if p.grad is None:
                return
            self.move(p)


@mistake(
    "SGD",
    zh="迭代器没有变成列表：走过一遍就空了，第二步谁也不动。",
    en="The iterator isn't turned into a list: it is empty after one walk, and the second step moves nothing.",
)
class KeepsTheIterator(FaultySGD):
    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr


@mistake(
    "SGD",
    zh="`step` 之后自动清空了梯度：那是 `zero_grad` 的事。",
    en="`step` clears the gradients: that is for `zero_grad`.",
)
class ClearsItself(FaultySGD):
    def step(self):
        super().step()
        self.zero_grad()


@mistake(
    "SGD", zh="`zero_grad` 把梯度填成了 0：设为 `None`。", en="`zero_grad` fills gradients with 0: set them to `None`."
)
class FillsZeros(FaultySGD):
    def zero_grad(self):
        for p in self.parameters:
            p.grad = Tensor(np.zeros_like(p.array))


@mistake("SGD", zh="`zero_grad` 什么也没做。", en="`zero_grad` does nothing.")
class NeverClears(FaultySGD):
    def zero_grad(self):
        pass


@mistake(
    "SGD", zh="`zero_grad` 把参数的值也清成了 0。", en="`zero_grad` sets the values of the parameters to 0 as well."
)
class ClearsValues(FaultySGD):
    def zero_grad(self):
        for p in self.parameters:
            p.grad = None
            p.array[...] = 0


@mistake(
    "SGD",
    zh="`lr` 在造出来时就定死了：每一步用当时的 `self.lr`。",
    en="`lr` is fixed when it is made: each step uses `self.lr` as it is then.",
)
class FixedRate(FaultySGD):
    def __init__(self, parameters, lr):
        super().__init__(parameters, lr)
        self.first = lr

    def move(self, p):
        p.array -= self.first * p.grad.array


@mistake(
    "SGD",
    zh="造出来时只留下了已有梯度的参数：那时往往一个也没有；走的时候再看。",
    en="When it is made it keeps only parameters that have a gradient, and often none has one yet: look in each step.",
)
class OnlyThoseWithGradients(FaultySGD):
    def __init__(self, parameters, lr):
        super().__init__([p for p in parameters if p.grad is not None], lr)


@mistake("SGD", zh="只走了第一个参数。", en="Only the first parameter moves.")
class FirstOnly(FaultySGD):
    def step(self):
        for p in self.parameters[:1]:
            if p.grad is not None:
                self.move(p)


@mistake(
    "SGD",
    zh="`float32` 的参数变成了 `float64`，数组也换了新的。",
    en="A parameter in `float32` becomes `float64`, in a new array.",
)
class ToDouble(FaultySGD):
    def move(self, p):
        p.array = p.array - np.float64(self.lr) * p.grad.array.astype(np.float64)


def trained(
    model, x, y, lr, epochs, batch_size, rng,
    order=None, clear="before", rows=None, keep=lambda loss, losses: losses.append(loss.item()), last=True,
    labels=None, step=True, loss_of=cross_entropy, batch_of=None, weight=lambda batch: 1,
):  # fmt: skip
    """The training loop with a choice of faults."""
    optimiser, losses = solutions.SGD(model.parameters(), lr), []
    for epoch in range(epochs):
        places = rng.permutation(len(x)) if order is None else order(epoch)
        for start in range(0, len(x), batch_size):
            batch = places[start : start + batch_size] if batch_of is None else batch_of(places, start)
            if len(batch) < batch_size and not last and start:
                continue
            inputs = batch if rows is None else rows(start)
            loss = loss_of(model(Tensor(x[inputs])), y[batch if labels is None else labels(start)])
            if clear == "before" or (clear == "epoch" and not start):
                optimiser.zero_grad()
            (loss * weight(batch)).backward()
            if clear == "between":
                optimiser.zero_grad()
            if step:
                optimiser.step()
            if clear == "after":
                optimiser.zero_grad()
            keep(loss, losses)
    return losses


@mistake(
    "train",
    zh="梯度没有清空：每一步都带着以前的梯度。",
    en="Gradients aren't cleared: each step carries those of all steps before.",
)
def never_cleared(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, clear="")


@mistake(
    "train",
    zh="梯度在 `backward` 之后、`step` 之前清空，或者根本没有走：参数一步也没动。",
    en="The parameters never move: gradients are cleared between `backward` and `step`, or there is no `step`.",
)
def cleared_between(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, clear="between")


@mistake(
    "train",
    zh="梯度在走完之后才清空：参数里原来就有的 `.grad` 混进了第一步；要在 `backward` 之前清空。",
    en="Gradients are cleared after the step: what was in `.grad` before training goes into the first one; clear before `backward`.",
)
def cleared_afterwards(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, clear="after")


@mistake(
    "train",
    zh="梯度每一轮才清空一次：每一批都要清。",
    en="Gradients are cleared once an epoch: clear them for each batch.",
)
def cleared_each_epoch(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, clear="epoch")


@mistake(
    "train",
    zh="最后一批不满，就从头取样本补满：那些样本一轮里用了两次。",
    en="A last batch that isn't full is filled up from the beginning: those examples are used twice in an epoch.",
)
def filled_up(model, x, y, lr, epochs, batch_size, rng):
    return trained(
        model,
        x,
        y,
        lr,
        epochs,
        batch_size,
        rng,
        batch_of=lambda places, start: np.take(places, range(start, start + min(batch_size, len(places))), mode="wrap"),
    )


def drawn_anew(model, x, y, lr, epochs, batch_size, rng, draw):
    """Batches that are drawn one by one, whatever was used before."""
    order = lambda epoch: np.zeros(len(x), dtype=int)  # noqa: E731
    batch_of = lambda places, start: draw(min(batch_size, len(x) - start))  # noqa: E731
    return trained(model, x, y, lr, epochs, batch_size, rng, order=order, batch_of=batch_of)


@mistake(
    "train",
    zh="每一批都重新从全部样本里抽：一轮里有的样本用了几次，有的一次也没有。",
    en="Each batch is drawn anew from all examples: in an epoch some are used several times, others never.",
)
def each_batch_drawn(model, x, y, lr, epochs, batch_size, rng):
    draw = lambda size: rng.choice(len(x), size=size, replace=False)  # noqa: E731
    return drawn_anew(model, x, y, lr, epochs, batch_size, rng, draw)


@mistake(
    "train",
    zh="每一批都重新打乱、取开头的几个：一轮里有的样本用了几次，有的一次也没有。",
    en="It shuffles for each batch, and takes the first ones: in an epoch some examples are used several times, others never.",
)
def each_batch_shuffled(model, x, y, lr, epochs, batch_size, rng):
    draw = lambda size: rng.permutation(len(x))[:size]  # noqa: E731
    return drawn_anew(model, x, y, lr, epochs, batch_size, rng, draw)


@mistake(
    "train",
    zh="一批里样本少，损失就按比例缩小了，步子也小了：一批的损失是它自己的平均。",
    en="Where a batch has fewer examples its loss is scaled down, and so is the step: the loss of a batch is its own mean.",
)
def scaled_by_length(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, weight=lambda batch: len(batch) / batch_size)


@mistake("train", zh="没有打乱顺序。", en="The examples aren't shuffled.")
def not_shuffled(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, order=lambda epoch: np.arange(len(x)))


@mistake(
    "train", zh="只打乱了一次：每一轮都要重新打乱。", en="It shuffles once: every epoch needs an order of its own."
)
def shuffled_once(model, x, y, lr, epochs, batch_size, rng):
    places = rng.permutation(len(x))
    return trained(model, x, y, lr, epochs, batch_size, rng, order=lambda epoch: places)


@mistake("train", zh="最后一批不满就丢了：它也要用。", en="A last batch that isn't full is dropped: use it, too.")
def last_dropped(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, last=False)


@mistake(
    "train",
    zh="输入打乱了，标签没有：每个输入都配上了别人的标签。",
    en="Inputs are shuffled and labels aren't: each input gets the label of another.",
)
def labels_left_behind(model, x, y, lr, epochs, batch_size, rng):
    return trained(
        model, x, y, lr, epochs, batch_size, rng, labels=lambda start: np.arange(len(x))[start : start + batch_size]
    )


@mistake(
    "train",
    zh="标签打乱了，输入没有：每个输入都配上了别人的标签。",
    en="Labels are shuffled and inputs aren't: each input gets the label of another.",
)
def inputs_left_behind(model, x, y, lr, epochs, batch_size, rng):
    return trained(
        model, x, y, lr, epochs, batch_size, rng, rows=lambda start: np.arange(len(x))[start : start + batch_size]
    )


@mistake(
    "train",
    zh="抽样有放回：一轮里有的样本用了几次，有的一次也没有。",
    en="It draws with replacement: in an epoch some examples are used several times, others never.",
)
def with_replacement(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, order=lambda epoch: rng.integers(0, len(x), size=len(x)))


@mistake(
    "train",
    zh="用自己固定种子的发生器打乱：用给你的 `rng`。",
    en="It shuffles by a generator of its own with a fixed seed: use the `rng` given.",
)
def rng_of_its_own(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, np.random.default_rng(0))


@mistake(
    "train",
    zh="没有用给的 `rng`：种子相同，顺序却不同。",
    en="The given `rng` isn't used: the same seed gives another order.",
)
def without_rng(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, order=lambda epoch: np.random.permutation(len(x)))


@mistake(
    "train",
    zh="返回的是 `Tensor`：每步一个 Python 的 `float`。",
    en="It returns `Tensor`s: return a Python `float` for each step.",
)
def keeps_tensors(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, batch_size, rng, keep=lambda loss, losses: losses.append(loss))


@mistake(
    "train", zh="每一轮只返回一个损失：每一步都要。", en="It returns one loss an epoch: return that of every step."
)
def one_an_epoch(model, x, y, lr, epochs, batch_size, rng):
    losses = trained(model, x, y, lr, epochs, batch_size, rng)
    steps = math.ceil(len(x) / batch_size)
    return losses[steps - 1 :: steps]


@mistake(
    "train",
    zh="每一轮返回的是平均损失：每一步的都要。",
    en="It returns the mean loss of each epoch: return that of every step.",
)
def mean_of_an_epoch(model, x, y, lr, epochs, batch_size, rng):
    losses, steps = trained(model, x, y, lr, epochs, batch_size, rng), math.ceil(len(x) / batch_size)
    return [sum(losses[i : i + steps]) / steps for i in range(0, len(losses), steps)]


@mistake(
    "train", zh="记下的是走之后的损失：要走之前的。", en="It notes the loss after the step: the one before is wanted."
)
def losses_afterwards(model, x, y, lr, epochs, batch_size, rng):
    optimiser, losses = solutions.SGD(model.parameters(), lr), []
    for _ in range(epochs):
        places = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = places[start : start + batch_size]
            optimiser.zero_grad()
            cross_entropy(model(Tensor(x[batch])), y[batch]).backward()
            optimiser.step()
            losses.append(cross_entropy(model(Tensor(x[batch])), y[batch]).item())
    return losses


@mistake("train", zh="只训练了一轮。", en="It trains for one epoch only.")
def one_epoch(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, 1, batch_size, rng)


@mistake("train", zh="给的 `lr` 没有用上。", en="The given `lr` isn't used.")
def rate_of_its_own(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, 0.1, epochs, batch_size, rng)


@mistake(
    "train", zh="`batch_size` 没有用上：一步用了全部样本。", en="`batch_size` isn't used: each step takes all examples."
)
def whole_batches(model, x, y, lr, epochs, batch_size, rng):
    return trained(model, x, y, lr, epochs, len(x), rng)


@mistake("train", zh="少了 `return`，得到 `None`。", en="It gives `None`: a `return` is missing.")
def returns_nothing(model, x, y, lr, epochs, batch_size, rng):
    trained(model, x, y, lr, epochs, batch_size, rng)


@mistake(
    "train",
    zh="损失是一批之和，不是平均：步子随批次变大。",
    en="The loss is a batch's sum and not its mean: steps grow with the batch.",
)
def summed_losses(model, x, y, lr, epochs, batch_size, rng):
    return trained(
        model,
        x,
        y,
        lr,
        epochs,
        batch_size,
        rng,
        loss_of=lambda logits, labels: cross_entropy(logits, labels) * len(labels),
    )


# The four equations


@mistake("bp1", zh="漏乘了 $\\sigma'(z)$。", en="$\\sigma'(z)$ is missing.")
def no_slope(grad_a, z):
    return grad_a * 1


@mistake("bp1", zh="乘的是 $\\sigma(z)$：要它的导数。", en="It multiplies by $\\sigma(z)$: take its derivative.")
def sigmoid_itself(grad_a, z):
    return grad_a * sigmoid(z)


@mistake(
    "bp1",
    zh="把 $z$ 当成了激活值：$a(1 - a)$ 里的 $a$ 是 $\\sigma(z)$。",
    en="It takes $z$ for the activation: the $a$ in $a(1 - a)$ is $\\sigma(z)$.",
)
def z_for_a(grad_a, z):
    return grad_a * z * (1 - z)


@mistake(
    "bp1",
    zh="取了两次 sigmoid：`sigmoid_prime` 收的是 $z$。",
    en="It takes the sigmoid twice: `sigmoid_prime` wants $z$.",
)
def sigmoid_twice(grad_a, z):
    return grad_a * sigmoid_prime(sigmoid(z))


@mistake("bp1", zh="这是 tanh 的斜率：$1 - a^2$。", en="This is the slope of tanh, $1 - a^2$.")
def slope_of_tanh(grad_a, z):
    return grad_a * (1 - np.tanh(z) ** 2)


@mistake(
    "bp1",
    zh="$1 - a^2$ 不是 sigmoid 的斜率：它是 $a(1 - a)$。",
    en="The slope of the sigmoid isn't $1 - a^2$: it is $a(1 - a)$.",
)
def one_minus_square(grad_a, z):
    return grad_a * (1 - sigmoid(z) ** 2)


@mistake(
    "bp1", zh="除以了样本数：误差是每个样本自己的。", en="It divides by the number of examples: each has its own error."
)
def averaged_errors(grad_a, z):
    return grad_a * sigmoid_prime(z) / len(z)


@mistake("bp1", zh="`grad_a` 没有用上。", en="`grad_a` isn't used.")
def slope_only(grad_a, z):
    return sigmoid_prime(z)


@mistake("bp1", zh="斜率取在了 `grad_a` 上：要取在 `z` 上。", en="The slope is taken at `grad_a`: take it at `z`.")
def slope_at_grad(grad_a, z):
    return grad_a * sigmoid_prime(grad_a)


@mistake("bp1", zh="除以了 $\\sigma'(z)$：要乘。", en="It divides by $\\sigma'(z)$: multiply.")
def divided_by_slope(grad_a, z):
    return grad_a / np.maximum(sigmoid_prime(z), np.finfo(z.dtype).tiny)


@mistake("bp2", zh="漏乘了 $\\sigma'(z)$。", en="$\\sigma'(z)$ is missing.")
def bp2_no_slope(delta, weight, z):
    return delta @ weight


@mistake(
    "bp2",
    zh="权重多转置了一次：行里是样本，用 `delta @ weight`。",
    en="The weight is transposed: with examples in rows it is `delta @ weight`.",
)
def bp2_transposed(delta, weight, z):
    return delta @ weight.T * sigmoid_prime(z)


@mistake(
    "bp2",
    zh="方阵时多转置了一次：形状合得上，数却不对；总是 `delta @ weight`。",
    en="A square weight is transposed: the shapes fit, and the numbers are wrong; it is always `delta @ weight`.",
)
def bp2_square_transposed(delta, weight, z):
    back = weight.T if weight.shape[0] == weight.shape[1] else weight
    return delta @ back * sigmoid_prime(z)


@mistake(
    "bp2",
    zh="所有样本都用了第一个样本的 $\\sigma'(z)$：每个样本用自己的。",
    en="All examples get $\\sigma'(z)$ of the first: each has its own.",
)
def bp2_slope_of_the_first(delta, weight, z):
    return delta @ weight * sigmoid_prime(z[:1])


@mistake("bp2", zh="乘的是 $\\sigma(z)$：要它的导数。", en="It multiplies by $\\sigma(z)$: take its derivative.")
def bp2_sigmoid_itself(delta, weight, z):
    return delta @ weight * sigmoid(z)


@mistake(
    "bp2",
    zh="把 $z$ 当成了激活值：$a(1 - a)$ 里的 $a$ 是 $\\sigma(z)$。",
    en="It takes $z$ for the activation: the $a$ in $a(1 - a)$ is $\\sigma(z)$.",
)
def bp2_z_for_a(delta, weight, z):
    return delta @ weight * z * (1 - z)


@mistake(
    "bp2",
    zh="取了两次 sigmoid：`sigmoid_prime` 收的是 $z$。",
    en="It takes the sigmoid twice: `sigmoid_prime` wants $z$.",
)
def bp2_sigmoid_twice(delta, weight, z):
    return delta @ weight * sigmoid_prime(sigmoid(z))


@mistake(
    "bp2", zh="除以了样本数：误差是每个样本自己的。", en="It divides by the number of examples: each has its own error."
)
def bp2_averaged(delta, weight, z):
    return delta @ weight * sigmoid_prime(z) / len(z)


@mistake("bp2", zh="权重取了绝对值：符号要留着。", en="It takes the weights without their signs.")
def bp2_sizes(delta, weight, z):
    return delta @ np.abs(weight) * sigmoid_prime(z)


@mistake(
    "bp2",
    zh="这是 ReLU 的斜率：这里的激活函数是 sigmoid。",
    en="This is the slope of ReLU: here the activation is a sigmoid.",
)
def bp2_of_relu(delta, weight, z):
    return delta @ weight * (z > 0)


@mistake(
    "bp2", zh="误差跨批次相加了：每个样本各有各的。", en="Errors are added over the batch: each example has its own."
)
def bp2_summed(delta, weight, z):
    return np.broadcast_to((delta @ weight).sum(axis=0), z.shape) * sigmoid_prime(z)


@mistake("bp2", zh="符号反了。", en="Its sign is reversed.")
def bp2_reversed(delta, weight, z):
    return -(delta @ weight) * sigmoid_prime(z)


@mistake(
    "bp3", zh="求了平均：损失是各样本之和，要求和。", en="It takes the mean: the loss is a sum over examples, so sum."
)
def bp3_mean(delta):
    return delta.mean(axis=0)


@mistake(
    "bp3", zh="沿着单元的轴求了和：要跨批次，`axis=0`。", en="It sums over the units: sum over the batch, `axis=0`."
)
def bp3_over_units(delta):
    return delta.sum(axis=1)


@mistake("bp3", zh="没有跨批次求和。", en="It doesn't sum over the batch.")
def bp3_not_summed(delta):
    return delta.copy()


@mistake("bp3", zh="全部加成了一个数：每个偏置一个。", en="It sums all to one number: there is one for each bias.")
def bp3_one_number(delta):
    return delta.sum()


@mistake(
    "bp3",
    zh="多了一个长度为 1 的轴：去掉 `keepdims`。",
    en="There is an axis of length 1 too many: leave out `keepdims`.",
)
def bp3_kept_axis(delta):
    return delta.sum(axis=0, keepdims=True)


@mistake("bp3", zh="只用了第一个样本。", en="It uses the first example only.")
def bp3_first(delta):
    return delta[0].copy()


@mistake("bp3", zh="符号反了。", en="Its sign is reversed.")
def bp3_reversed(delta):
    return -delta.sum(axis=0)


@mistake("bp3", zh="加的是绝对值：符号要留着。", en="It adds absolute values: keep the signs.")
def bp3_sizes(delta):
    return np.abs(delta).sum(axis=0)


@mistake(
    "bp4",
    zh="转置了：形状应当是 `d_out d_in`，与 `weight` 相同。",
    en="It is transposed: its shape should be `d_out d_in`, as `weight` has it.",
)
def bp4_transposed(a, delta):
    return a.T @ delta


@mistake(
    "bp4", zh="求了平均：损失是各样本之和，要求和。", en="It takes the mean: the loss is a sum over examples, so sum."
)
def bp4_mean(a, delta):
    return delta.T @ a / len(a)


@mistake(
    "bp4",
    zh="先各自求和再相乘：每个样本的误差要乘它自己的激活值。",
    en="It sums before it multiplies: each example's error belongs with its own activation.",
)
def bp4_outer_of_sums(a, delta):
    return np.outer(delta.sum(axis=0), a.sum(axis=0))


@mistake("bp4", zh="激活值没有用上。", en="The activations aren't used.")
def bp4_no_activation(a, delta):
    return np.repeat(delta.sum(axis=0)[:, None], a.shape[1], axis=1)


@mistake("bp4", zh="误差没有用上。", en="The errors aren't used.")
def bp4_no_error(a, delta):
    return np.repeat(a.sum(axis=0)[None], delta.shape[1], axis=0)


@mistake("bp4", zh="只用了第一个样本。", en="It uses the first example only.")
def bp4_first(a, delta):
    return np.outer(delta[0], a[0])


@mistake("bp4", zh="没有跨批次求和。", en="It doesn't sum over the batch.")
def bp4_not_summed(a, delta):
    return delta[:, :, None] * a[:, None, :]


@mistake("bp4", zh="符号反了。", en="Its sign is reversed.")
def bp4_reversed(a, delta):
    return -delta.T @ a


@mistake("bp4", zh="激活值又过了一次 sigmoid。", en="The activations go through the sigmoid once more.")
def bp4_squashed(a, delta):
    return delta.T @ sigmoid(a)


def walked(w, b, x, y, lr, steps, slope, seen=sigmoid):
    """The path with `slope(a)` as the error."""
    outputs = [float(seen(np.array(w * x + b)))]
    for _ in range(steps):
        delta = slope(float(sigmoid(np.array(w * x + b))))
        w, b = w - lr * delta * x, b - lr * delta
        outputs.append(float(seen(np.array(w * x + b))))
    return outputs


def error(cost, y):
    if cost not in ("quadratic", "cross-entropy"):
        raise ValueError(cost)
    return lambda a: (a - y) * (a * (1 - a) if cost == "quadratic" else 1)


@mistake(
    "neuron_path",
    zh="两种损失颠倒了：乘 $\\sigma'(z)$ 的是平方损失。",
    en="The two losses have changed places: the quadratic one has the factor $\\sigma'(z)$.",
)
def losses_swapped(w, b, x, y, lr, steps, cost):
    other = {"quadratic": "cross-entropy", "cross-entropy": "quadratic"}.get(cost, cost)
    return walked(w, b, x, y, lr, steps, error(other, y))


@mistake(
    "neuron_path",
    zh="两种损失都乘了 $\\sigma'(z)$：交叉熵里它消掉了。",
    en="Both losses have the factor $\\sigma'(z)$: in cross-entropy it cancels.",
)
def always_quadratic(w, b, x, y, lr, steps, cost):
    error(cost, y)
    return walked(w, b, x, y, lr, steps, error("quadratic", y))


@mistake("neuron_path", zh="平方损失漏了因子 $\\sigma'(z)$。", en="The quadratic loss lacks its factor $\\sigma'(z)$.")
def always_cross_entropy(w, b, x, y, lr, steps, cost):
    error(cost, y)
    return walked(w, b, x, y, lr, steps, error("cross-entropy", y))


@mistake(
    "neuron_path",
    zh="平方损失的误差大了一倍：$\\frac{1}{2}$ 与平方的 2 相消。",
    en="The error of the quadratic loss is twice too large: the $\\frac{1}{2}$ cancels the 2 of the square.",
)
def twice_the_error(w, b, x, y, lr, steps, cost):
    slope = error(cost, y)
    return walked(w, b, x, y, lr, steps, lambda a: slope(a) * (2 if cost == "quadratic" else 1))


@mistake("neuron_path", zh="平方损失漏了 $(a - y)$。", en="The quadratic loss lacks the factor $(a - y)$.")
def slope_alone(w, b, x, y, lr, steps, cost):
    slope = error(cost, y)
    return walked(w, b, x, y, lr, steps, lambda a: a * (1 - a) if cost == "quadratic" else slope(a))


@mistake(
    "neuron_path",
    zh="开头的输出漏了：一共 `steps + 1` 个。",
    en="The output at the start is missing: there are `steps + 1`.",
)
def no_start(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, lr, steps, error(cost, y))[1:]


@mistake(
    "neuron_path",
    zh="最后一步之后的输出漏了：一共 `steps + 1` 个。",
    en="The output after the last step is missing: there are `steps + 1`.",
)
def no_end(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, lr, steps, error(cost, y))[:-1]


@mistake("neuron_path", zh="返回的是 $z$：要 $\\sigma(z)$。", en="It returns $z$: $\\sigma(z)$ is wanted.")
def weighted_inputs(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, lr, steps, error(cost, y), seen=lambda z: z)


@mistake("neuron_path", zh="`w` 的梯度漏乘了 `x`。", en="The gradient of `w` lacks its factor `x`.")
def w_without_x(w, b, x, y, lr, steps, cost):
    slope, outputs = error(cost, y), [float(sigmoid(np.array(w * x + b)))]
    for _ in range(steps):
        delta = slope(outputs[-1])
        w, b = w - lr * delta, b - lr * delta
        outputs.append(float(sigmoid(np.array(w * x + b))))
    return outputs


@mistake("neuron_path", zh="`b` 没有更新。", en="`b` isn't updated.")
def b_stays(w, b, x, y, lr, steps, cost):
    slope, outputs = error(cost, y), [float(sigmoid(np.array(w * x + b)))]
    for _ in range(steps):
        w -= lr * slope(outputs[-1]) * x
        outputs.append(float(sigmoid(np.array(w * x + b))))
    return outputs


@mistake("neuron_path", zh="`w` 没有更新。", en="`w` isn't updated.")
def w_stays(w, b, x, y, lr, steps, cost):
    slope, outputs = error(cost, y), [float(sigmoid(np.array(w * x + b)))]
    for _ in range(steps):
        b -= lr * slope(outputs[-1])
        outputs.append(float(sigmoid(np.array(w * x + b))))
    return outputs


@mistake(
    "neuron_path",
    zh="先更新了 `w`，再用新的输出更新 `b`：两个要同时更新。",
    en="`w` is updated first, and `b` by the output after that: update both at once.",
)
def one_after_the_other(w, b, x, y, lr, steps, cost):
    slope, outputs = error(cost, y), [float(sigmoid(np.array(w * x + b)))]
    for _ in range(steps):
        w -= lr * slope(float(sigmoid(np.array(w * x + b)))) * x
        b -= lr * slope(float(sigmoid(np.array(w * x + b))))
        outputs.append(float(sigmoid(np.array(w * x + b))))
    return outputs


@mistake("neuron_path", zh="走反了：要减去梯度。", en="It walks the wrong way: subtract the gradient.")
def neuron_uphill(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, -lr, steps, error(cost, y))


@mistake("neuron_path", zh="`y` 没有用上：目标当成了 0。", en="`y` isn't used: the target is taken to be 0.")
def target_zero(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, 0.0, lr, steps, error(cost, 0.0))


@mistake("neuron_path", zh="`lr` 没有用上。", en="`lr` isn't used.")
def neuron_without_rate(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, 1.0, steps, error(cost, y))


@mistake(
    "neuron_path",
    zh="不认识的 `cost` 没有报 `ValueError`，当成了交叉熵。",
    en="An unknown `cost` raises no `ValueError`: it is taken for cross-entropy.",
)
def any_other_cost(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, lr, steps, error("quadratic" if cost == "quadratic" else "cross-entropy", y))


@mistake(
    "neuron_path",
    zh="不认识的 `cost` 没有报 `ValueError`，当成了平方损失。",
    en="An unknown `cost` raises no `ValueError`: it is taken for the quadratic loss.",
)
def quadratic_otherwise(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, lr, steps, error("cross-entropy" if cost == "cross-entropy" else "quadratic", y))


@mistake(
    "neuron_path",
    zh="不认识的 `cost` 返回了 `None`：要报 `ValueError`。",
    en="An unknown `cost` returns `None`: raise `ValueError`.",
)
def silent_on_costs(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, lr, steps, error(cost, y)) if cost in ("quadratic", "cross-entropy") else None


def plain_sigmoid(z):
    return 1 / (1 + math.exp(-z))


@mistake(
    "neuron_path",
    zh="`z` 是很大的负数时 `math.exp(-z)` 溢出报错：用 `sigmoid`。",
    en="Where `z` is far below 0, `math.exp(-z)` overflows with an error: use `sigmoid`.",
)
def exp_overflows(w, b, x, y, lr, steps, cost):
    slope, outputs = error(cost, y), [plain_sigmoid(w * x + b)]
    for _ in range(steps):
        delta = slope(outputs[-1])
        w, b = w - lr * delta * x, b - lr * delta
        outputs.append(plain_sigmoid(w * x + b))
    return outputs


@mistake(
    "neuron_path",
    zh="`cost` 只在循环里才看：零步时，不认识的没有报 `ValueError`。",
    en="`cost` is looked at in the loop only: with no step an unknown one raises no `ValueError`.",
)
def looks_in_the_loop(w, b, x, y, lr, steps, cost):
    return walked(w, b, x, y, lr, steps, lambda a: error(cost, y)(a))


def not_cancelled(quotient):
    """The path where cross-entropy's own slope is divided by `a (1 - a)`, which is then multiplied back."""

    def wrong(w, b, x, y, lr, steps, cost):
        slope = error(cost, y)

        def uncancelled(a):
            return quotient(a - y, a * (1 - a)) * (a * (1 - a)) if cost == "cross-entropy" else slope(a)

        with np.errstate(all="ignore"):
            return walked(w, b, x, y, lr, steps, uncancelled)

    return wrong


for name, quotient in (
    ("not_cancelled", lambda above, below: np.float64(above) / np.float64(below)),
    ("not_cancelled_by_python", lambda above, below: above / below),
):
    mistake(
        "neuron_path",
        zh="交叉熵先除以 $a(1 - a)$、再乘回来：`a` 舍入成 0 或 1 时是 0/0；约掉，$\\delta = a - y$。",
        en="With cross-entropy it divides by $a(1 - a)$ and multiplies by it again: where `a` rounds to 0 or 1 that is 0/0; cancel, and $\\delta = a - y$.",
    )(named(name, not_cancelled(quotient)))


# Bigrams


def surprise(joint, given):
    """- sum of `joint` times the log of `given`, where `joint` isn't 0."""
    seen = joint > 0
    return float(-(joint[seen] * np.log(given[seen])).sum())


@mistake(
    "conditional_entropy",
    zh="这是一对字符的熵：对数里要的是 $p(b \\mid a)$。",
    en="This is the entropy of pairs: inside the log belongs $p(b \\mid a)$.",
)
def joint_entropy(counts):
    p = counts / counts.sum()
    return surprise(p, p)


@mistake(
    "conditional_entropy",
    zh="除以了列的和：知道的是前一个字符，除以行的和。",
    en="It divides by the columns' sums: the first character is known, so divide by those of the rows.",
)
def columns_known(counts):
    sums = np.broadcast_to(counts.sum(axis=0, keepdims=True), counts.shape)
    return surprise(counts / counts.sum(), counts / np.maximum(sums, 1e-300))


@mistake(
    "conditional_entropy",
    zh="各行的熵按同样的权重平均了：常见的字符要占得多。",
    en="The rows' entropies are averaged with equal weights: frequent characters should count more.",
)
def rows_alike(counts):
    rows = [row / row.sum() for row in counts if row.sum()]
    return sum(surprise(row, row) for row in rows) / len(counts)


@mistake(
    "conditional_entropy",
    zh="各行的熵加了起来：要按行出现的比例加权。",
    en="The rows' entropies are added: weigh each by how often its character occurs.",
)
def rows_added(counts):
    return float(sum(surprise(row / row.sum(), row / row.sum()) for row in counts if row.sum()))


@mistake(
    "conditional_entropy", zh="用了以 2 为底的对数：单位要奈特。", en="It uses logs of base 2: the unit should be nats."
)
def entropy_in_bits(counts):
    return solutions.conditional_entropy(counts) / math.log(2)


@mistake("conditional_entropy", zh="符号反了：惊讶不会是负的。", en="Its sign is reversed: surprise is never negative.")
def negative_entropy(counts):
    return -solutions.conditional_entropy(counts)


@mistake(
    "conditional_entropy",
    zh="次数为 0 时得到 NaN：没有出现过的对贡献 0。",
    en="A count of 0 makes it NaN: a pair that never occurred adds 0.",
)
def nan_at_zero(counts):
    with np.errstate(all="ignore"):
        q = counts / counts.sum(axis=1, keepdims=True)
        return float(-(counts * np.log(q)).sum() / counts.sum())


@mistake(
    "conditional_entropy",
    zh="这是单个字符的熵：前一个字符没有帮忙。",
    en="This is the entropy of single characters: the one before doesn't help.",
)
def entropy_of_the_second(counts):
    p = counts.sum(axis=0) / counts.sum()
    return surprise(p, p)


@mistake("conditional_entropy", zh="这是前一个字符的熵。", en="This is the entropy of the first character.")
def entropy_of_the_first(counts):
    p = counts.sum(axis=1) / counts.sum()
    return surprise(p, p)


@mistake(
    "conditional_entropy",
    zh="返回的是困惑度：不要再取指数。",
    en="It returns the perplexity: don't take the exponential.",
)
def exponential(counts):
    return math.exp(solutions.conditional_entropy(counts))


@mistake(
    "conditional_entropy",
    zh="每个次数都加了 1：要按真实的比例。",
    en="It adds 1 to each count: use the true proportions.",
)
def smoothed(counts):
    return solutions.conditional_entropy(counts + 1)


@mistake(
    "conditional_entropy",
    zh="各行的熵按同样的权重平均了：常见的字符要占得多。",
    en="The rows' entropies are averaged with equal weights: frequent characters should count more.",
)
def seen_rows_alike(counts):
    rows = [row / row.sum() for row in counts if row.sum()]
    return sum(surprise(row, row) for row in rows) / len(rows)


@mistake(
    "conditional_entropy",
    zh="$p(b \\mid a)$ 是从加了 1 的次数算的：要按真实的比例。",
    en="$p(b \\mid a)$ is computed from counts with 1 added: use the true proportions.",
)
def smoothed_inside(counts):
    more = counts + 1.0
    return surprise(counts / counts.sum(), more / more.sum(axis=1, keepdims=True))


@mistake(
    "conditional_entropy",
    zh="次数是整数时报了错：结果写进了整数的数组（如 `out=np.zeros_like(counts)`），放不下小数。",
    en="It fails on counts that are integers: an array of integers (`out=np.zeros_like(counts)`, say) can't take quotients.",
)
def quotients_into_integers(counts):
    rows = counts.sum(axis=1, keepdims=True)
    q = np.divide(counts, rows, out=np.zeros_like(counts), where=rows > 0)
    return surprise(counts / counts.sum(), q)


@mistake(
    "conditional_entropy",
    zh="没有除以总数：是总惊讶，不是平均。",
    en="It isn't divided by the total: this is the sum of surprise and not its mean.",
)
def total_surprise(counts):
    return solutions.conditional_entropy(counts) * float(counts.sum())


@mistake(
    "conditional_entropy",
    zh="权重用了 $p(b \\mid a)$：外面要的是 $p(a, b)$。",
    en="It weighs by $p(b \\mid a)$: outside the log belongs $p(a, b)$.",
)
def by_conditional_weights(counts):
    return rows_added(counts) / counts.size


@mistake(
    "Bigram",
    zh="取的是列：字符 $a$ 的分数在第 $a$ 行。",
    en="It takes columns: the scores of character $a$ are in row $a$.",
)
class Columns(solutions.Bigram):
    def forward(self, ids):
        return self.weight.T[ids]


@mistake(
    "Bigram",
    zh="开始不是 0：开始时每个字符的概率要相同。",
    en="It doesn't begin with 0: at first all characters should be equally likely.",
)
class RandomTable(solutions.Bigram):
    def __init__(self, n):
        super().__init__(n)
        self.weight = Parameter(np.random.default_rng(0).normal(size=(n, n)))


@mistake("Bigram", zh="开始全是 1：应当是 0。", en="It begins with ones: it should begin with 0.")
class TableOfOnes(solutions.Bigram):
    def __init__(self, n):
        super().__init__(n)
        self.weight = Parameter(np.ones((n, n)))


@mistake("Bigram", zh="开始时是 `float32`：应当是 `float64`。", en="It begins in `float32`: it should be `float64`.")
class SingleTable(solutions.Bigram):
    def __init__(self, n):
        super().__init__(n)
        self.weight = Parameter(np.zeros((n, n), dtype=np.float32))


@mistake(
    "Bigram",
    zh="表是普通的 `Tensor`：`parameters()` 找不到它。",
    en="The table is a plain `Tensor`: `parameters()` doesn't find it.",
)
class TableUnregistered(solutions.Bigram):
    def __init__(self, n):
        super().__init__(n)
        self.weight = Tensor(np.zeros((n, n)), requires_grad=True)


@mistake(
    "Bigram",
    zh="它索引的是数组，绕过了引擎：没有梯度。",
    en="It indexes the array, past the engine: there is no gradient.",
)
class TablePastTheEngine(solutions.Bigram):
    def forward(self, ids):
        return Tensor(self.weight.array[ids])


@mistake("Bigram", zh="返回的是概率：交叉熵要的是分数。", en="It returns probabilities: cross-entropy wants scores.")
class Probabilities(solutions.Bigram):
    def forward(self, ids):
        exp = self.weight[ids].exp()
        return exp / exp.sum(dim=1, keepdim=True)


@mistake(
    "Bigram",
    zh="开始时的表存了一份：换掉的 `weight` 没有用上。",
    en="It keeps the table that it began with: a `weight` that replaces it isn't used.",
)
class KeepsTheFirst(solutions.Bigram):
    def __init__(self, n):
        super().__init__(n)
        self.__dict__["kept"] = [self.weight]

    def forward(self, ids):
        return self.__dict__["kept"][0][ids]


@mistake("Bigram", zh="`weight` 被冻结了：它要梯度。", en="Its `weight` is frozen: it should want gradients.")
class FrozenTable(solutions.Bigram):
    def __init__(self, n):
        super().__init__(n)
        self.weight = Parameter(np.zeros((n, n)), requires_grad=False)


@mistake(
    "Bigram", zh="多了一个偏置：唯一的参数是 `weight`。", en="There is a bias as well: `weight` is the only parameter."
)
class TableAndBias(solutions.Bigram):
    def __init__(self, n):
        super().__init__(n)
        self.bias = Parameter(np.zeros(n))

    def forward(self, ids):
        return self.weight[ids] + self.bias


@mistake(
    "Bigram",
    zh="每个字符只返回了一个数：要整行。",
    en="It returns one number for each character: return the whole row.",
)
class DiagonalOnly(solutions.Bigram):
    def forward(self, ids):
        return self.weight[ids, ids]


@mistake(
    "Bigram",
    zh="同一个字符出现几次，只返回了一行：每次出现都要一行。",
    en="A character that occurs several times gets one row: return one for each time.",
)
class EachOnce(solutions.Bigram):
    def forward(self, ids):
        return self.weight[np.unique(ids)]
