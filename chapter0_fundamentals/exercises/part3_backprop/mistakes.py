"""The wrong answers of day 3's first lesson, each explained in a sentence."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from coach import mistake
from part3_backprop import solutions
from part3_backprop.solutions import BACK_FUNCS, Recipe, Tensor, unbroadcast

# What can be wrong with any rule


def any_rule(exercise: str) -> Callable:
    """The mistakes that every rule may have, registered for the rule that is decorated."""

    def register(right: Callable) -> Callable:
        @mistake(exercise, zh="结果全是 0。", en="The result is 0 everywhere.")
        def only_zeros(*args, **kwargs):
            return np.zeros_like(right(*args, **kwargs))

        @mistake(exercise, zh="符号反了。", en="The sign is reversed.")
        def reversed_sign(*args, **kwargs):
            return -right(*args, **kwargs)

        @mistake(
            exercise,
            zh="结果总是 `float64`：`float32` 进，应当 `float32` 出。",
            en="The result is always `float64`: from `float32` it should be `float32`.",
        )
        def always_wide(*args, **kwargs):
            return np.asarray(right(*args, **kwargs), dtype=np.float64)

        @mistake(
            exercise,
            zh="结果总是 `float32`：`float64` 进，应当 `float64` 出。",
            en="The result is always `float32`: from `float64` it should be `float64`.",
        )
        def always_narrow(*args, **kwargs):
            return np.asarray(right(*args, **kwargs), dtype=np.float32)

        @mistake(
            exercise,
            zh="`grad_out` 被就地改动了：别的规则可能还要用它。",
            en="`grad_out` is changed in place: other rules may still need it.",
        )
        def spoils_grad_out(grad_out, *args, **kwargs):
            result = np.array(right(grad_out, *args, **kwargs))
            grad_out *= 2
            return result

        @mistake(
            exercise,
            zh="没有乘上送来的 `grad_out`：它当作处处是 1。",
            en="What arrives isn't used: `grad_out` is taken for 1 everywhere.",
        )
        def no_upstream(grad_out, *args, **kwargs):
            return right(np.ones_like(grad_out), *args, **kwargs)

        @mistake(exercise, zh="结果大了一倍。", en="The result is twice as large as it should be.")
        def twice_too_large(*args, **kwargs):
            result = right(*args, **kwargs)
            return result + result

        @mistake(
            exercise,
            zh="把斜率加成了一个数：每个位置要有自己的斜率。",
            en="The slopes are added to one number: each place has a slope of its own.",
        )
        def one_number(*args, **kwargs):
            return np.sum(right(*args, **kwargs))

        @mistake(
            exercise,
            zh="`out` 被就地改动了：它是往前走的结果，别处还要用。",
            en="`out` is changed in place: it is a result of the forward pass, and needed elsewhere.",
        )
        def spoils_out(grad_out, out, *args, **kwargs):
            result = np.array(right(grad_out, out, *args, **kwargs))
            out += 1
            return result

        return right

    return register


for name in ("log_back", "multiply_back0", "multiply_back1", "exp_back", "reshape_back", "permute_back", "sum_back"):
    any_rule(name)(getattr(solutions, name))
for name in ("getitem_back", "true_divide_back1", "maximum_back0", "matmul2d_back0", "matmul2d_back1", "matmul_back0"):
    any_rule(name)(getattr(solutions, name))


def any_broadcast(exercise: str, place: int, slope: Callable) -> None:
    """The mistakes of rules whose arguments are broadcast; `slope` is theirs before that is undone."""

    @mistake(
        exercise,
        zh="没有撤销广播：结果的形状要与这个参数相同。",
        en="Broadcasting isn't undone: the result must have the shape of this argument.",
    )
    def not_undone(grad_out, out, *args):
        return slope(grad_out, out, *args)

    @mistake(exercise, zh="撤销广播要求和，不是取平均。", en="Broadcasting is undone by a sum, not by a mean.")
    def a_mean(grad_out, out, *args):
        return mean_of_copies(slope(grad_out, out, *args), args[place])

    @mistake(exercise, zh="结果的形状是另一个参数的。", en="The result has the shape of the other argument.")
    def shape_of_the_other(grad_out, out, *args):
        return unbroadcast(slope(grad_out, out, *args), args[1 - place])

    @mistake(
        exercise,
        zh="左边多出来的轴加掉了，长度为 1 被拉长的轴没有。",
        en="The new axes on the left are summed, but not those of length 1 that were stretched.",
    )
    def stretched_kept(grad_out, out, *args):
        return only_new_axes(slope(grad_out, out, *args), args[place])

    @mistake(
        exercise,
        zh="只取了抄写出来的第一份，应当把各份加起来。",
        en="Only the first copy is taken, where all of them should be added.",
    )
    def first_copy(grad_out, out, *args):
        return first_of_copies(slope(grad_out, out, *args), args[place])

    @mistake(
        exercise,
        zh="不论哪些轴被广播过，都只加掉了第 0 个轴。",
        en="Whichever axes were broadcast, only axis 0 is summed.",
    )
    def axis_0_only(grad_out, out, *args):
        return first_axis_summed(slope(grad_out, out, *args), args[place])

    @mistake(
        exercise,
        zh="参数里有 Python 的数时，`float32` 的结果成了 `float64`：数留着，不要换成数组。",
        en="Where an argument is one of Python's numbers, `float32` becomes `float64`: leave the number as it is, and make no array of it.",
    )
    def numbers_to_arrays(grad_out, out, *args):
        result = unbroadcast(slope(grad_out, out, *args), args[place])
        return result if all(isinstance(arg, np.ndarray) for arg in args) else np.float64(1) * result


# Broadcasting


def new_axes(broadcasted: np.ndarray, original: Any) -> int:
    return broadcasted.ndim - np.ndim(original)


@mistake(
    "unbroadcast",
    zh="原样返回了：形状要与 `original` 相同。",
    en="It comes back as it was: the shape must be that of `original`.",
)
def nothing_summed(broadcasted, original):
    return broadcasted


@mistake("unbroadcast", zh="撤销广播要求和，不是取平均。", en="Broadcasting is undone by a sum, not by a mean.")
def mean_of_copies(broadcasted, original):
    total = unbroadcast(broadcasted, original)
    copies = max(np.size(broadcasted) // max(np.size(original), 1), 1)
    return total / np.asarray(copies, dtype=broadcasted.dtype)


@mistake("unbroadcast", zh="撤销广播要求和，不是取平均。", en="Broadcasting is undone by a sum, not by a mean.")
def mean_of_axes(broadcasted, original):
    with np.errstate(all="ignore"):
        new = new_axes(broadcasted, original)
        axes = (*range(new), *(new + i for i, n in enumerate(np.shape(original)) if n == 1))
        if not axes:
            return broadcasted
        total = np.sum(broadcasted, axis=axes).reshape(np.shape(original))
        return total / np.asarray(broadcasted.size, total.dtype) * np.asarray(total.size, total.dtype)


@mistake(
    "unbroadcast",
    zh="左边多出来的轴加掉了，长度为 1 被拉长的轴没有。",
    en="The new axes on the left are summed, but not those of length 1 that were stretched.",
)
def only_new_axes(broadcasted, original):
    return np.sum(broadcasted, axis=tuple(range(new_axes(broadcasted, original))))


@mistake(
    "unbroadcast",
    zh="长度为 1 的轴加掉了，左边多出来的轴还留着。",
    en="Axes of length 1 are summed, but the new axes on the left are still there.",
)
def only_stretched_axes(broadcasted, original):
    new = new_axes(broadcasted, original)
    return np.sum(broadcasted, axis=tuple(new + i for i, n in enumerate(np.shape(original)) if n == 1), keepdims=True)


@mistake(
    "unbroadcast",
    zh="求和的轴都留下了，长度为 1：左边多出来的应当消失。",
    en="All summed axes are kept with length 1: the new ones on the left should vanish.",
)
def new_axes_kept(broadcasted, original):
    return unbroadcast(broadcasted, original)[(None,) * new_axes(broadcasted, original)]


@mistake(
    "unbroadcast",
    zh="求和的轴都消失了：`original` 里长度为 1 的要留着。",
    en="All summed axes vanish: those where `original` has length 1 should stay.",
)
def ones_dropped(broadcasted, original):
    return np.squeeze(unbroadcast(broadcasted, original))


@mistake(
    "unbroadcast",
    zh="只取了抄写出来的第一份，应当把各份加起来。",
    en="Only the first copy is taken, where all of them should be added.",
)
def first_of_copies(broadcasted, original):
    if broadcasted.shape == np.shape(original) or broadcasted.size == 0:
        return unbroadcast(broadcasted, original)
    kept = [slice(0, 1) if n == 1 else slice(None) for n in np.shape(original)]
    return broadcasted[(0,) * new_axes(broadcasted, original) + tuple(kept)]


@mistake(
    "unbroadcast",
    zh="形状从左边对齐了：NumPy 从右边对齐。",
    en="Shapes are aligned on the left: NumPy aligns them on the right.",
)
def aligned_on_the_left(broadcasted, original):
    shape = np.shape(original) + (1,) * new_axes(broadcasted, original)
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and broadcasted.shape[i] != 1)
    return np.sum(broadcasted, axis=axes, keepdims=True).reshape(np.shape(original))


@mistake(
    "unbroadcast",
    zh="长度为 1 的轴的下标没有错开：左边多出来几个轴，就要加几。",
    en="The indices of the axes of length 1 don't shift: add the number of new axes on the left.",
)
def indices_not_shifted(broadcasted, original):
    if broadcasted.shape == np.shape(original):
        return broadcasted
    new = new_axes(broadcasted, original)
    axes = {*range(new), *(i for i, n in enumerate(np.shape(original)) if n == 1)}
    return np.sum(broadcasted, axis=tuple(axes)).reshape(np.shape(original))


@mistake(
    "unbroadcast",
    zh="长度为 1 的轴的下标没有错开：左边多出来几个轴，就要加几。",
    en="The indices of the axes of length 1 don't shift: add the number of new axes on the left.",
)
def not_shifted_and_dropped(broadcasted, original):
    new, shape = new_axes(broadcasted, original), np.shape(original)
    axes = {i for i in range(broadcasted.ndim) if i < new or (i < len(shape) and shape[i] == 1)}
    return np.sum(broadcasted, axis=tuple(axes), keepdims=True)[(0,) * new]


@mistake(
    "unbroadcast",
    zh="元素个数相同就原样返回了：形状里可能还多着长度为 1 的轴。",
    en="What has the right number of elements comes back as it was: there may still be extra axes of length 1.",
)
def sizes_compared(broadcasted, original):
    return broadcasted if broadcasted.size == np.size(original) else unbroadcast(broadcasted, original)


@mistake(
    "unbroadcast",
    zh="只有比 1 长的轴才加：广播成长度 0 的轴没有回到 1。",
    en="Only axes longer than 1 are summed: one that was broadcast to length 0 doesn't get back to 1.",
)
def zero_is_not_stretched(broadcasted, original):
    total = np.sum(broadcasted, axis=tuple(range(new_axes(broadcasted, original))))
    axes = tuple(i for i, n in enumerate(np.shape(original)) if n == 1 and total.shape[i] > 1)
    return np.sum(total, axis=axes, keepdims=True)


@mistake(
    "unbroadcast",
    zh="用 `reshape` 把各份叠起来再加：里面的轴被拉长时，数就混了。",
    en="It stacks the copies by `reshape` and adds them: where an inner axis was stretched, numbers get mixed up.",
)
def stacked_by_reshape(broadcasted, original):
    if broadcasted.shape == np.shape(original):
        return broadcasted
    return broadcasted.reshape(-1, *np.shape(original)).sum(axis=0)


@mistake(
    "unbroadcast",
    zh="不论哪些轴被广播过，都只加掉了第 0 个轴。",
    en="Whichever axes were broadcast, only axis 0 is summed.",
)
def first_axis_summed(broadcasted, original):
    if broadcasted.shape == np.shape(original):
        return broadcasted
    return broadcasted.sum(axis=0, keepdims=broadcasted.ndim == np.ndim(original))


@mistake(
    "unbroadcast",
    zh="全部加成了一个数，再填满 `original` 的形状。",
    en="Everything is added to one number, which then fills the shape of `original`.",
)
def all_summed(broadcasted, original):
    if broadcasted.shape == np.shape(original):
        return broadcasted
    return np.full(np.shape(original), broadcasted.sum(), dtype=broadcasted.dtype)


@mistake(
    "unbroadcast",
    zh="`original` 是 Python 的数时报了错：它没有 `.shape`，用 `np.shape`。",
    en="It fails where `original` is one of Python's numbers: that has no `.shape`; use `np.shape`.",
)
def arrays_only(broadcasted, original):
    assert original.shape is not None
    return unbroadcast(broadcasted, original)


@mistake(
    "unbroadcast",
    zh="取了最大的一份，应当把各份加起来。",
    en="The largest copy is taken, where all of them should be added.",
)
def largest_copy(broadcasted, original):
    if broadcasted.shape == np.shape(original) or broadcasted.size == 0:
        return unbroadcast(broadcasted, original)
    new = new_axes(broadcasted, original)
    axes = (*range(new), *(new + i for i, n in enumerate(np.shape(original)) if n == 1))
    return np.max(broadcasted, axis=axes).reshape(np.shape(original))


@mistake(
    "unbroadcast",
    zh="只加掉了左边的一个新轴，可能不止一个。",
    en="Only one new axis on the left is summed; there may be more.",
)
def one_new_axis(broadcasted, original):
    if new_axes(broadcasted, original) > 1:
        return unbroadcast(broadcasted[0], original)
    return unbroadcast(broadcasted, original)


@mistake(
    "unbroadcast",
    zh="只加掉了一个被拉长的轴，可能不止一个。",
    en="Only one stretched axis is summed; there may be more.",
)
def one_stretched_axis(broadcasted, original):
    new, shape = new_axes(broadcasted, original), np.shape(original)
    total = broadcasted.sum(axis=tuple(range(new)))
    stretched = [i for i, n in enumerate(shape) if n == 1 and total.shape[i] != 1]
    return total.sum(axis=stretched[0], keepdims=True) if stretched else total


@mistake(
    "unbroadcast",
    zh="结果总是 `float64`：`float32` 进，应当 `float32` 出。",
    en="The result is always `float64`: from `float32` it should be `float32`.",
)
def wide_sum(broadcasted, original):
    return np.asarray(unbroadcast(broadcasted, original), dtype=np.float64)


@mistake(
    "unbroadcast",
    zh="返回的是 0：形状对了，值没有加进去。",
    en="It returns zeros: the shape is right, and no value was added.",
)
def zeros_of_that_shape(broadcasted, original):
    return np.zeros(np.shape(original), dtype=broadcasted.dtype)


@mistake(
    "unbroadcast",
    zh="只改了形状，没有求和：多出来的数被丢掉了。",
    en="Only the shape is changed and nothing is summed: the extra numbers are thrown away.",
)
def only_reshaped(broadcasted, original):
    if broadcasted.size < np.size(original):
        return unbroadcast(broadcasted, original)
    return broadcasted.ravel()[: np.size(original)].reshape(np.shape(original))


any_broadcast("multiply_back0", 0, lambda grad_out, out, x, y: grad_out * y)
any_broadcast("multiply_back1", 1, lambda grad_out, out, x, y: grad_out * x)
any_broadcast("true_divide_back1", 1, lambda grad_out, out, x, y: -grad_out * x / y**2)
any_broadcast(
    "maximum_back0",
    0,
    lambda grad_out, out, x, y: grad_out * (np.greater(x, y) + np.greater_equal(x, y).astype(grad_out.dtype)) / 2,
)


# log, multiplication, exp

for exercise, slope in (("log_back", lambda out, x: 1 / x), ("exp_back", lambda out, x: out)):

    @mistake(
        exercise,
        zh="乘的是对角的雅可比矩阵：只有一个轴时才对；逐项相乘就够了。",
        en="It multiplies by a diagonal Jacobian, which works for one axis only: a product term by term is enough.",
    )
    def by_a_diagonal_matrix(grad_out, out, x, slope=slope):
        return grad_out @ np.diag(slope(out, x))


@mistake(
    "log_back",
    zh="log 的斜率是 $1/x$：应当除以 `x`，不是乘。",
    en="The slope of log is $1/x$: divide by `x`, don't multiply.",
)
def times_x(grad_out, out, x):
    return grad_out * x


@mistake("log_back", zh="除以的应是 `x`，不是 `out`。", en="Divide by `x`, not by `out`.")
def over_out(grad_out, out, x):
    return grad_out / out


@mistake(
    "log_back",
    zh="乘的是 log 的值，应当是它的斜率 $1/x$。",
    en="It multiplies by the value of log instead of its slope $1/x$.",
)
def value_for_slope(grad_out, out, x):
    return grad_out * out


@mistake(
    "log_back", zh="除反了：应当是 `grad_out / x`。", en="The division is upside down: it should be `grad_out / x`."
)
def upside_down(grad_out, out, x):
    return x / grad_out


@mistake("log_back", zh="这是以 10 为底的对数的斜率。", en="This is the slope of the logarithm to base 10.")
def base_ten(grad_out, out, x):
    return grad_out / (x * np.log(x.dtype.type(10)))


@mistake(
    "log_back",
    zh="返回了整个雅可比矩阵：逐项的函数只需要它的对角线。",
    en="It returns the whole Jacobian: of a function term by term only the diagonal is needed.",
)
def whole_jacobian(grad_out, out, x):
    return np.diag(np.ravel(grad_out / x))


for exercise, own, other in (("multiply_back0", 0, 1), ("multiply_back1", 1, 0)):

    @mistake(
        exercise,
        zh="乘的是自己，应当乘另一个因子。",
        en="It multiplies by the factor itself, where the other one is needed.",
    )
    def own_factor(grad_out, out, *factors, own=own):
        return unbroadcast(grad_out * factors[own], factors[own])

    @mistake(
        exercise,
        zh="乘的是积 `out`，应当乘另一个因子。",
        en="It multiplies by the product `out`, where the other factor is needed.",
    )
    def whole_product(grad_out, out, *factors, own=own):
        return unbroadcast(grad_out * out, factors[own])

    @mistake(exercise, zh="应当乘另一个因子，不是除。", en="Multiply by the other factor, don't divide.")
    def divides(grad_out, out, *factors, own=own, other=other):
        return unbroadcast(grad_out / factors[other], factors[own])

    @mistake(exercise, zh="应当乘另一个因子，不是加。", en="Multiply by the other factor, don't add it.")
    def adds(grad_out, out, *factors, own=own, other=other):
        return unbroadcast(grad_out + factors[other], factors[own])

    @mistake(
        exercise,
        zh="这是加法的规则：乘法还要乘上另一个因子。",
        en="This is the rule of addition: multiplication also multiplies by the other factor.",
    )
    def as_for_addition(grad_out, out, *factors, own=own):
        return unbroadcast(grad_out, factors[own])

    @mistake(
        exercise,
        zh="撤销广播太早：先乘另一个因子，再求和。",
        en="Broadcasting is undone too early: multiply by the other factor first, then sum.",
    )
    def undone_too_early(grad_out, out, *factors, own=own, other=other):
        return unbroadcast(grad_out, factors[own]) * factors[other]

    @mistake(
        exercise,
        zh="这是对另一个因子的规则。",
        en="This is the rule for the other factor.",
    )
    def rule_of_the_other(grad_out, out, *factors, own=own, other=other):
        return unbroadcast(grad_out * factors[own], factors[other])

    @mistake(
        exercise,
        zh="另一个因子是用 `out` 除出来的：遇到 0 就成了 NaN；直接用它。",
        en="It gets the other factor as a quotient of `out`, which is NaN at 0: use the factor itself.",
    )
    def factor_by_division(grad_out, out, *factors, own=own):
        with np.errstate(all="ignore"):
            return unbroadcast(grad_out * (out / factors[own]), factors[own])


@mistake(
    "forward_and_back",
    zh="没有撤销广播：每个斜率的形状要与自己的参数相同。",
    en="Broadcasting isn't undone: each slope must have the shape of its argument.",
)
def shapes_of_out(a, b, c):
    ones = np.ones(np.broadcast_shapes(a.shape, b.shape, c.shape), dtype=a.dtype)
    return ones * c / a, ones * c / b, ones * np.log(a * b)


def slopes_with(
    a,
    b,
    c,
    grad_e=lambda c, e: c,
    grad_d=lambda d, e: 1 / d,
    grad_a=lambda a, b: b,
    grad_b=lambda a, b: a,
    grad_c=lambda d, e: e,
):
    """The slopes, with a choice of faults."""
    d = a * b
    e = np.log(d)
    out = np.ones_like(c * e)
    at_d = out * grad_e(c, e) * grad_d(d, e)
    return unbroadcast(at_d * grad_a(a, b), a), unbroadcast(at_d * grad_b(a, b), b), unbroadcast(out * grad_c(d, e), c)


@mistake(
    "forward_and_back",
    zh="$\\ln(ab)$ 写成了 $\\ln a + \\ln b$：两者都为负时，积是正的，它却是 NaN。",
    en="For $\\ln(ab)$ it takes $\\ln a + \\ln b$: where both are negative the product is positive, and this is NaN.",
)
def sum_of_two_logs(a, b, c):
    with np.errstate(all="ignore"):
        return slopes_with(a, b, c, grad_c=lambda d, e: np.log(a) + np.log(b))


@mistake(
    "forward_and_back",
    zh="起点的 1 取了 `c` 的形状：应当是 `out` 的，`c` 可能被广播过。",
    en="The ones to start with have the shape of `c`: they need that of `out`, since `c` may have been broadcast.",
)
def ones_like_c(a, b, c):
    d = a * b
    e, start = np.log(d), np.ones_like(c)
    at_d = unbroadcast(start * c, e) / d
    return unbroadcast(at_d * b, a), unbroadcast(at_d * a, b), unbroadcast(start * e, c)


@mistake(
    "forward_and_back",
    zh="`c` 的斜率没有撤销广播：形状要与 `c` 相同。",
    en="For the slope at `c` broadcasting isn't undone: it must have the shape of `c`.",
)
def c_not_undone(a, b, c):
    grad_a, grad_b, _ = slopes_with(a, b, c)
    return grad_a, grad_b, np.ones_like(c * a * b) * np.log(a * b)


@mistake("forward_and_back", zh="log 这一步的斜率 $1/(ab)$ 漏了。", en="The slope of the log, $1/(ab)$, is missing.")
def log_left_out(a, b, c):
    return slopes_with(a, b, c, grad_d=lambda d, e: np.ones_like(d))


@mistake(
    "forward_and_back",
    zh="log 的斜率用成了 $ab$，应当是 $1/(ab)$。",
    en="The slope of the log is taken for $ab$: it is $1/(ab)$.",
)
def log_upside_down(a, b, c):
    return slopes_with(a, b, c, grad_d=lambda d, e: d)


@mistake(
    "forward_and_back",
    zh="log 的规则除以了 log 的值，应当除以它的输入 $ab$。",
    en="The rule of log divides by the value of the log instead of its input $ab$.",
)
def log_over_its_value(a, b, c):
    return slopes_with(a, b, c, grad_d=lambda d, e: 1 / e)


@mistake(
    "forward_and_back", zh="最后一步乘法的因子 `c` 漏了。", en="The factor `c` of the last multiplication is missing."
)
def last_factor_left_out(a, b, c):
    return slopes_with(a, b, c, grad_e=lambda c, e: np.ones_like(c))


@mistake(
    "forward_and_back", zh="最后一步乘法的两个因子用反了。", en="The factors of the last multiplication are mixed up."
)
def last_factors_mixed_up(a, b, c):
    return slopes_with(a, b, c, grad_e=lambda c, e: e)


@mistake(
    "forward_and_back",
    zh="`a` 和 `b` 的斜率各用了自己：乘法要用另一个因子。",
    en="The slopes at `a` and `b` use the factor itself: multiplication takes the other one.",
)
def own_factors(a, b, c):
    return slopes_with(a, b, c, grad_a=lambda a, b: a, grad_b=lambda a, b: b)


@mistake(
    "forward_and_back",
    zh="`a * b` 这一步没有走：停在了积的斜率。",
    en="The step of `a * b` isn't taken: it stops at the slope of the product.",
)
def stops_at_the_product(a, b, c):
    return slopes_with(a, b, c, grad_a=lambda a, b: np.ones_like(b), grad_b=lambda a, b: np.ones_like(a))


@mistake(
    "forward_and_back",
    zh="`c` 的斜率用了 $ab$，应当是 $\\ln(ab)$。",
    en="The slope at `c` uses $ab$: it is $\\ln(ab)$.",
)
def c_by_the_product(a, b, c):
    return slopes_with(a, b, c, grad_c=lambda d, e: d)


@mistake(
    "forward_and_back",
    zh="三个斜率的顺序不对：依次是 `a`、`b`、`c` 的。",
    en="The three slopes are in another order: they should be those at `a`, `b`, `c`.",
)
def c_first(a, b, c):
    grad_a, grad_b, grad_c = slopes_with(a, b, c)
    return grad_c, grad_a, grad_b


@mistake("forward_and_back", zh="`a` 和 `b` 的斜率对调了。", en="The slopes at `a` and `b` have changed places.")
def a_and_b_exchanged(a, b, c):
    grad_a, grad_b, grad_c = slopes_with(a, b, c)
    return grad_b, grad_a, grad_c


@mistake(
    "forward_and_back", zh="返回的是 `out`，应当是三个斜率。", en="It returns `out`, where the three slopes are wanted."
)
def only_forward(a, b, c):
    return c * np.log(a * b)


@mistake(
    "forward_and_back",
    zh="起点的斜率用了 `out`，应当处处是 1。",
    en="The slopes to start with are those of `out` itself: they should be 1 everywhere.",
)
def starts_with_out(a, b, c):
    out = c * np.log(a * b)
    return unbroadcast(out * c / a, a), unbroadcast(out * c / b, b), unbroadcast(out * np.log(a * b), c)


@mistake(
    "forward_and_back",
    zh="这是元素*平均*的斜率，应当是元素之*和*的。",
    en="These are the slopes of the *mean* of the elements: their *sum* is wanted.",
)
def of_the_mean(a, b, c):
    count = np.asarray(max(np.size(c * (a * b)), 1), dtype=a.dtype)
    return tuple(slope / count for slope in slopes_with(a, b, c))


@mistake("forward_and_back", zh="`a` 和 `b` 的斜率符号反了。", en="The slopes at `a` and `b` have the wrong sign.")
def minus_for_a_and_b(a, b, c):
    grad_a, grad_b, grad_c = slopes_with(a, b, c)
    return -grad_a, -grad_b, grad_c


@mistake(
    "forward_and_back",
    zh="斜率总是 `float64`：`float32` 进，应当 `float32` 出。",
    en="The slopes are always `float64`: from `float32` they should be `float32`.",
)
def wide_slopes(a, b, c):
    return tuple(np.asarray(slope, dtype=np.float64) for slope in slopes_with(a, b, c))


@mistake("exp_back", zh="exp 的斜率是 `out` 自己，不是 `x`。", en="The slope of exp is `out` itself, not `x`.")
def by_x(grad_out, out, x):
    return grad_out * x


@mistake(
    "exp_back",
    zh="原样送回了：还要乘上 exp 的斜率，也就是 `out`。",
    en="It goes back unchanged: multiply by the slope of exp, which is `out`.",
)
def straight_through(grad_out, out, x):
    return grad_out.copy()


@mistake(
    "exp_back",
    zh="这是 log 的规则：exp 的斜率是 `out`，不是 $1/x$。",
    en="This is the rule of log: the slope of exp is `out`, not $1/x$.",
)
def rule_of_log(grad_out, out, x):
    return grad_out / x


@mistake("exp_back", zh="除以了 `out`，应当乘。", en="It divides by `out`, where it should multiply.")
def over_the_result(grad_out, out, x):
    return grad_out / out


@mistake(
    "exp_back",
    zh="对 `grad_out` 取了指数，应当把 `grad_out` 乘上 `out`。",
    en="It takes exp of `grad_out`: multiply `grad_out` by `out` instead.",
)
def exp_of_upstream(grad_out, out, x):
    return np.exp(grad_out)


@mistake(
    "exp_back", zh="取了两次指数：`out` 已经是 `np.exp(x)`。", en="exp is taken twice: `out` is `np.exp(x)` already."
)
def exp_twice(grad_out, out, x):
    return grad_out * np.exp(out)


@mistake(
    "exp_back",
    zh="用了幂的规则 $x\\,e^{x-1}$：变的是指数，不是底。",
    en="It uses the rule of powers, $x\\,e^{x-1}$: here the exponent varies, not the base.",
)
def rule_of_powers(grad_out, out, x):
    return grad_out * x * np.exp(x - 1)


# Recipes


@mistake(
    "BackwardFuncLookup",
    zh="没有区分参数的位置：同一个函数的两个参数规则不同。",
    en="Places of arguments aren't told apart: the two arguments of one function have different rules.",
)
class WithoutPlaces(solutions.BackwardFuncLookup):
    def __init__(self, rules=None):
        super().__init__({(function, 0): back for (function, _), back in (rules or {}).items()})

    def add_back_func(self, forward_fn, arg_position, back_fn):
        super().add_back_func(forward_fn, 0, back_fn)

    def get_back_func(self, forward_fn, arg_position):
        return super().get_back_func(forward_fn, 0)


@mistake(
    "BackwardFuncLookup",
    zh="按名字区分函数：两个函数名字相同就混了。",
    en="Functions are told apart by name: two of the same name are mixed up.",
)
class ByName(solutions.BackwardFuncLookup):
    def __init__(self, rules=None):
        super().__init__()
        for (function, place), back in (rules or {}).items():
            self.add_back_func(function, place, back)

    def add_back_func(self, forward_fn, arg_position, back_fn):
        self.rules[forward_fn.__name__, arg_position] = back_fn  # type: ignore

    def get_back_func(self, forward_fn, arg_position):
        if (forward_fn.__name__, arg_position) not in self.rules:
            raise KeyError(forward_fn.__name__)
        return self.rules[forward_fn.__name__, arg_position]  # type: ignore


@mistake(
    "BackwardFuncLookup",
    zh="没有登记过的，返回了 `None`，应当报 `KeyError`。",
    en="For what isn't registered it returns `None`, where it should raise `KeyError`.",
)
class NoneForMissing(solutions.BackwardFuncLookup):
    def get_back_func(self, forward_fn, arg_position):
        return self.rules.get((forward_fn, arg_position))


@mistake(
    "BackwardFuncLookup",
    zh="`KeyError` 的消息里没有函数的名字（`forward_fn.__name__`）。",
    en="The message of its `KeyError` doesn't have the function's name (`forward_fn.__name__`).",
)
class NamelessError(solutions.BackwardFuncLookup):
    def get_back_func(self, forward_fn, arg_position):
        if (forward_fn, arg_position) not in self.rules:
            raise KeyError(arg_position)
        return self.rules[forward_fn, arg_position]


@mistake(
    "BackwardFuncLookup",
    zh="报的是 `ValueError`，应当是 `KeyError`。",
    en="It raises `ValueError`, where `KeyError` is wanted.",
)
class OtherError(solutions.BackwardFuncLookup):
    def get_back_func(self, forward_fn, arg_position):
        if (forward_fn, arg_position) not in self.rules:
            raise ValueError(forward_fn.__name__)
        return self.rules[forward_fn, arg_position]


@mistake(
    "BackwardFuncLookup",
    zh="同一位置登记第二次没有生效：应当换成新的。",
    en="Registering again for the same place has no effect: the new rule should replace the old.",
)
class FirstStays(solutions.BackwardFuncLookup):
    def add_back_func(self, forward_fn, arg_position, back_fn):
        self.rules.setdefault((forward_fn, arg_position), back_fn)


@mistake(
    "BackwardFuncLookup",
    zh="所有对象共用一张表：每个要有自己的。",
    en="All objects share one table: each needs its own.",
)
class SharedTable(solutions.BackwardFuncLookup):
    shared: dict = {}

    def __init__(self, rules=None):
        self.rules = self.shared
        self.rules.update(rules or {})


@mistake(
    "BackwardFuncLookup",
    zh="传入的表被直接拿来用，登记时改动了它：要复制一份。",
    en="The table that came in is used itself, and registering changes it: make a copy.",
)
class TableNotCopied(solutions.BackwardFuncLookup):
    def __init__(self, rules=None):
        super().__init__()
        self.rules = {} if rules is None else rules


@mistake("BackwardFuncLookup", zh="传入的表没有用上。", en="The table that came in isn't used.")
class TableIgnored(solutions.BackwardFuncLookup):
    def __init__(self, rules=None):
        super().__init__()


@mistake(
    "BackwardFuncLookup",
    zh="返回的是调用规则的结果，应当是规则这个函数本身。",
    en="It returns what the rule gives when called: return the rule itself.",
)
class CallsTheRule(solutions.BackwardFuncLookup):
    def get_back_func(self, forward_fn, arg_position):
        return super().get_back_func(forward_fn, arg_position)()


@mistake(
    "BackwardFuncLookup",
    zh="返回的是包了一层的新函数，应当是登记的那个函数本身。",
    en="It returns a new function around the rule: return the very function that was registered.",
)
class WrapsTheRule(solutions.BackwardFuncLookup):
    def get_back_func(self, forward_fn, arg_position):
        back = super().get_back_func(forward_fn, arg_position)
        return lambda *args, **kwargs: back(*args, **kwargs)


@mistake(
    "BackwardFuncLookup",
    zh="登记一个新位置，会忘掉同一个函数别的位置。",
    en="Registering one place of a function forgets its other places.",
)
class ForgetsOthers(solutions.BackwardFuncLookup):
    def add_back_func(self, forward_fn, arg_position, back_fn):
        self.rules = {key: back for key, back in self.rules.items() if key[0] is not forward_fn}
        self.rules[forward_fn, arg_position] = back_fn


def recorded(numpy_func, args, kwargs, *, parents=None, saved=None, wants=None, func=None, always=False):
    """A Tensor with its recipe, with a choice of faults."""
    arrays = [arg.array if isinstance(arg, Tensor) else arg for arg in args]
    known = {i: arg for i, arg in enumerate(args) if isinstance(arg, Tensor) and arg.requires_grad}
    out = Tensor(numpy_func(*arrays, **kwargs))
    if always or (known and Tensor.tracking):
        out.requires_grad = True if wants is None else wants
        out.recipe = Recipe(
            func or numpy_func, tuple(arrays) if saved is None else saved, kwargs, known if parents is None else parents
        )
    return out


def any_forward(exercise: str, made: Callable) -> None:
    """The mistakes that every function that keeps notes may have; `made(how)` writes it with a faulty `how`."""

    def register(name, zh, en, how):
        function = made(how)
        function.__name__ = name
        mistake(exercise, zh=zh, en=en)(function)

    def tensors(args):
        return {i: a for i, a in enumerate(args) if isinstance(a, Tensor)}

    def wanting(args):
        return {i: a for i, a in tensors(args).items() if a.requires_grad}

    def untracked(f, args, kwargs):
        tracking, Tensor.tracking = Tensor.tracking, True
        try:
            return recorded(f, args, kwargs)
        finally:
            Tensor.tracking = tracking

    def without_recipe(f, args, kwargs):
        out = recorded(f, args, kwargs)
        out.recipe = None
        return out

    def leaves_only(f, args, kwargs):
        out = recorded(f, args, kwargs)
        if any(a.recipe for a in tensors(args).values()):
            out.recipe, out.requires_grad = None, False
        return out

    def with_grad(f, args, kwargs):
        out = recorded(f, args, kwargs)
        out.grad = Tensor(np.zeros_like(out.array))
        return out

    def into_the_argument(f, args, kwargs):
        out = recorded(f, args, kwargs)
        first = next(iter(tensors(args).values()), None)
        if first is None:
            return out
        first.array, first.recipe, first.requires_grad = out.array, out.recipe, out.requires_grad
        return first

    copies = lambda args: {i: Tensor(a.array, True) for i, a in wanting(args).items()}  # noqa: E731
    zh, en = "返回的是数组，应当是 `Tensor`。", "It returns an array, where a `Tensor` is wanted."
    register("gives_an_array", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs).array)
    zh, en = "没有写配方。", "No recipe is written."
    register("no_recipe", zh, en, without_recipe)
    zh, en = "结果的 `requires_grad` 没有设成 `True`。", "The `requires_grad` of the result isn't set to `True`."
    register("wants_nothing", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, wants=False))
    zh, en = (
        "没有理会 `Tensor.tracking`：它是 `False` 时不该写配方。",
        "It ignores `Tensor.tracking`: while that is `False` there should be no recipe.",
    )
    register("ignores_the_switch", zh, en, untracked)
    zh, en = (
        "总是写配方：参数都不要求梯度时不该写。",
        "It always writes a recipe: there should be none where no argument wants a gradient.",
    )
    register("always_notes", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, always=True))
    zh, en = (
        "配方的 `args` 里是 `Tensor`，应当是它的数组。",
        "The recipe's `args` hold a `Tensor` instead of its array.",
    )
    register("saves_tensors", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, saved=tuple(args)))
    zh, en = (
        "`parents` 里是拷贝：斜率会送到拷贝那里，叶子收不到。",
        "`parents` holds copies: slopes go to the copies, and the leaf gets none.",
    )
    register("copies_for_parents", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, parents=copies(args)))
    zh, en = (
        "参数是算出来的（不是叶子）时，没有写配方。",
        "Where an argument was computed (no leaf), no recipe is written.",
    )
    register("leaves_only", zh, en, leaves_only)
    zh, en = (
        "结果的 `grad` 应为 `None`：就是反向时，也只给叶子写 `grad`。",
        "The `grad` of the result should be `None`: even on the way back only leaves get one.",
    )
    register("with_a_grad", zh, en, with_grad)
    zh, en = "改动了传入的 `Tensor`，应当返回新的。", "It changes the `Tensor` that came in: return a new one."
    register("in_the_argument", zh, en, into_the_argument)
    zh, en = (
        "开关关着时，结果没有配方，却仍要求梯度：两样都不该有。",
        "While tracking is off, the result has no recipe and yet wants a gradient: it should have neither.",
    )

    def wants_while_off(f, args, kwargs):
        out = recorded(f, args, kwargs)
        out.requires_grad = bool(wanting(args))
        return out

    register("wants_while_off", zh, en, wants_while_off)
    zh, en = "`parents` 是空的：往回走时走不下去。", "`parents` is empty: on the way back there is nowhere to go."
    register("without_parents", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, parents={}))
    zh, en = "`parents` 的键从 1 数起，位置应当从 0 数。", "The keys of `parents` count from 1: places count from 0."
    one_more = lambda args: {i + 1: a for i, a in wanting(args).items()}  # noqa: E731
    register("places_from_one", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, parents=one_more(args)))
    zh, en = (
        "配方的 `func` 不是那个 NumPy 函数：规则是按 NumPy 函数登记的。",
        "The recipe's `func` isn't the NumPy function: rules are registered under that.",
    )
    register("another_func", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, func=recorded))
    zh, en = (
        "配方里存的是数组的拷贝：白费内存和时间，应当存数组本身。",
        "The recipe holds a copy of an array, which costs memory and time: it should hold the array itself.",
    )
    copies = lambda args: tuple(a.array.copy() if isinstance(a, Tensor) else a for a in args)  # noqa: E731
    register("copies_noted", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, saved=copies(args)))
    if exercise == "log_forward":
        return
    zh, en = (
        "`parents` 放了所有的 `Tensor`，应当只放要求梯度的。",
        "`parents` holds every `Tensor`: only those that want a gradient belong there.",
    )
    register("all_for_parents", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, parents=tensors(args)))
    zh, en = (
        "`parents` 的键按要求梯度的张量依次数，应当是它在参数里的位置。",
        "The keys of `parents` count the tensors that want a gradient: they should be places among the arguments.",
    )
    in_turn = lambda args: dict(enumerate(wanting(args).values()))  # noqa: E731
    register("counted_in_turn", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, parents=in_turn(args)))
    zh, en = (
        "同一个 `Tensor` 出现两次，只记了一次：两个位置都要记。",
        "A `Tensor` that stands in two places is noted once: both places count.",
    )
    once = lambda args: {i: a for a, i in {a: i for i, a in wanting(args).items()}.items()}  # noqa: E731
    register("once_for_twice", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, parents=once(args)))
    zh, en = "`parents` 只记了第一个要求梯度的。", "`parents` notes only the first that wants a gradient."
    first = lambda args: dict(list(wanting(args).items())[:1])  # noqa: E731
    register("only_the_first", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, parents=first(args)))
    zh, en = (
        "要所有张量都要求梯度才记账，应当有一个就记。",
        "Notes are kept only if all tensors want a gradient: one is enough.",
    )

    def all_must_want(f, args, kwargs):
        if len(wanting(args)) == len(tensors(args)):
            return recorded(f, args, kwargs)
        return Tensor(recorded(f, args, kwargs).array)

    register("all_must_want", zh, en, all_must_want)
    zh, en = "有参数不是 `Tensor` 时报了错。", "It fails where an argument is no `Tensor`."

    def tensors_only(f, args, kwargs):
        _ = [arg.array for arg in args]
        return recorded(f, args, kwargs)

    register("tensors_only", zh, en, tensors_only)
    zh, en = (
        "配方的 `args` 只放了 `Tensor` 的数组，别的参数丢了。",
        "The recipe's `args` hold only the arrays of tensors; the other arguments are lost.",
    )
    kept = lambda args: tuple(a.array for a in args if isinstance(a, Tensor))  # noqa: E731
    register("others_lost", zh, en, lambda f, args, kwargs: recorded(f, args, kwargs, saved=kept(args)))
    zh, en = (
        "不是 `Tensor` 的参数换成了数组：应当原样传给函数、原样记下，否则 `float32` 会变成 `float64`。",
        "Arguments that are no `Tensor` are made arrays: hand them on and note them as they are, or `float32` becomes `float64`.",
    )
    arrays = lambda args: [a if isinstance(a, Tensor) else np.asarray(a) for a in args]  # noqa: E731
    register("others_as_arrays", zh, en, lambda f, args, kwargs: recorded(f, arrays(args), kwargs))


any_forward("log_forward", lambda how: lambda x: how(np.log, (x,), {}))
any_forward("multiply_forward", lambda how: lambda x, y: how(np.multiply, (x, y), {}))
any_forward("wrap_forward_fn", lambda how: lambda numpy_func: lambda *args, **kwargs: how(numpy_func, args, kwargs))


@mistake(
    "log_forward",
    zh="配方里存的是结果，应当是参数 `x.array`。",
    en="The recipe saves the result, where the argument `x.array` is needed.",
)
def saves_the_result(x):
    return recorded(np.log, (x,), {}, saved=(np.log(x.array),))


@mistake("log_forward", zh="返回了 `x` 的指数，不是对数。", en="It returns the exponential of `x`, not the logarithm.")
def exp_for_log(x):
    return recorded(np.exp, (x,), {}, func=np.log)


@mistake("multiply_forward", zh="算的是和，不是积。", en="It computes the sum, not the product.")
def sum_for_product(x, y):
    return recorded(np.add, (x, y), {}, func=np.multiply)


@mistake(
    "multiply_forward",
    zh="配方的 `args` 里两个因子的顺序反了。",
    en="The two factors in the recipe's `args` are in reversed order.",
)
def factors_reversed(x, y):
    out = recorded(np.multiply, (x, y), {})
    if out.recipe:
        out.recipe.args = out.recipe.args[::-1]
    return out


@mistake(
    "wrap_forward_fn",
    zh="按名字给的参数没有传给 `numpy_func`。",
    en="Arguments given by name don't reach `numpy_func`.",
)
def names_not_passed(numpy_func):
    def forward(*args, **kwargs):
        return recorded(numpy_func, args, {})

    return forward


@mistake(
    "wrap_forward_fn",
    zh="按名字给的参数没有记进配方：规则就不知道沿哪个轴。",
    en="Arguments given by name aren't noted in the recipe: then the rule can't know, say, the axis.",
)
def names_not_noted(numpy_func):
    def forward(*args, **kwargs):
        out = recorded(numpy_func, args, kwargs)
        if out.recipe:
            out.recipe.kwargs = {}
        return out

    return forward


@mistake(
    "wrap_forward_fn",
    zh="用 `type(x) is Tensor` 判断，子类就不认得了：用 `isinstance`。",
    en="It asks for `type(x) is Tensor` and so doesn't know subclasses: use `isinstance`.",
)
def exact_type(numpy_func):
    def forward(*args, **kwargs):
        parents = {i: a for i, a in enumerate(args) if type(a) is Tensor and a.requires_grad}
        arrays = tuple(a.array if type(a) is Tensor else a for a in args)
        out = Tensor(numpy_func(*arrays, **kwargs))
        if parents and Tensor.tracking:
            out.requires_grad, out.recipe = True, Recipe(numpy_func, arrays, kwargs, parents)
        return out

    return forward


@mistake(
    "wrap_forward_fn",
    zh="`Tensor.tracking` 在包装时就读了：应当每次调用时再看。",
    en="`Tensor.tracking` is read when the function is wrapped: look at it in each call.",
)
def tracking_read_early(numpy_func):
    then = Tensor.tracking

    def forward(*args, **kwargs):
        now, Tensor.tracking = Tensor.tracking, then
        try:
            return recorded(numpy_func, args, kwargs)
        finally:
            Tensor.tracking = now

    return forward


@mistake(
    "wrap_forward_fn",
    zh="所有调用共用一个 `parents`：以前调用的还留在里面，每次要用新的。",
    en="All calls share one `parents`, and those of earlier calls stay in it: begin each call with a new one.",
)
def one_parents_for_all(numpy_func):
    parents = {}

    def forward(*args, **kwargs):
        parents.update({i: a for i, a in enumerate(args) if isinstance(a, Tensor) and a.requires_grad})
        return recorded(numpy_func, args, kwargs, parents=parents, always=bool(parents) and Tensor.tracking)

    return forward


@mistake(
    "wrap_forward_fn",
    zh="所有调用共用一个 `parents` 字典：后来的调用改掉了先前的配方；每次调用要造新的。",
    en="All calls share one dictionary `parents`: a later call changes the recipes of earlier ones; make a new one in each call.",
)
def one_parents_emptied(numpy_func):
    parents = {}

    def forward(*args, **kwargs):
        parents.clear()
        parents.update({i: a for i, a in enumerate(args) if isinstance(a, Tensor) and a.requires_grad})
        return recorded(numpy_func, args, kwargs, parents=parents)

    return forward


@mistake(
    "wrap_forward_fn",
    zh="结果与参数同类：`Tensor` 的子类进，子类出；结果应当是普通的 `Tensor`。",
    en="The result is of its argument's kind: from a subclass of `Tensor` comes a subclass; it should be a plain `Tensor`.",
)
def of_its_kind(numpy_func):
    def forward(*args, **kwargs):
        out = recorded(numpy_func, args, kwargs)
        kind = next((type(a) for a in args if isinstance(a, Tensor)), Tensor)
        if kind is Tensor:
            return out
        same = kind(out.array, out.requires_grad)
        same.recipe = out.recipe
        return same

    return forward


@mistake(
    "wrap_forward_fn",
    zh="只在前两个参数里找 `parents`：第三个要求梯度的没有记下。",
    en="It looks for `parents` among the first two arguments only: a third that wants a gradient isn't noted.",
)
def two_looked_at(numpy_func):
    def forward(*args, **kwargs):
        first = {i: a for i, a in enumerate(args[:2]) if isinstance(a, Tensor) and a.requires_grad}
        return recorded(numpy_func, args, kwargs, parents=first)

    return forward


LAST: list = []


@mistake(
    "wrap_forward_fn",
    zh="函数存在了外面：后包装的会盖掉先包装的。",
    en="The function is kept outside: what is wrapped later replaces what was wrapped before.",
)
def last_function(numpy_func):
    LAST[:] = [numpy_func]
    return lambda *args, **kwargs: recorded(LAST[0], args, kwargs)


@mistake(
    "wrap_forward_fn",
    zh="最多收两个位置参数，应当不限。",
    en="It takes two arguments by place at most: any number should work.",
)
def two_at_most(numpy_func):
    def forward(x, y=None, **kwargs):
        return recorded(numpy_func, (x,) if y is None else (x, y), kwargs)

    return forward


@mistake(
    "wrap_forward_fn",
    zh="返回的是算好的结果，应当返回一个函数。",
    en="It returns a result, where a function is wanted.",
)
def calls_at_once(numpy_func):
    return Tensor(numpy_func(np.ones(2)))


# The walk back


def post_order(node, get_children, order, seen):
    seen.add(node)
    for child in get_children(node):
        if child not in seen:
            post_order(child, get_children, order, seen)
    order.append(node)
    return order


@mistake(
    "topological_sort",
    zh="递归，没有查环；长链会超过递归的深度。",
    en="It recurses without looking for cycles, and a long chain exceeds the depth of recursion.",
)
def recursive(node, get_children):
    return post_order(node, get_children, [], set())


@mistake(
    "topological_sort",
    zh="递归：10,000 个节点的链会超过递归的深度，要自己管一个栈。",
    en="It recurses: a chain of 10,000 nodes exceeds the depth of recursion; keep a stack yourself.",
)
def recursive_with_cycles(node, get_children):
    order, state = [], {}

    def visit(n):
        state[n] = "open"
        for child in get_children(n):
            if state.get(child) == "open":
                raise ValueError(child)
            if child not in state:
                visit(child)
        state[n] = "done"
        order.append(n)

    visit(node)
    return order


@mistake(
    "topological_sort",
    zh="没有查环：有环时应当报 `ValueError`。",
    en="Cycles aren't looked for: where there is one, raise `ValueError`.",
)
def no_cycles(node, get_children):
    order, state, stack = [], {}, [(node, False)]
    while stack:
        current, leaving = stack.pop()
        if leaving:
            order.append(current)
        elif current not in state:
            state[current] = True
            stack.append((current, True))
            stack += [(child, False) for child in get_children(current)]
    return order


@mistake(
    "topological_sort",
    zh="`get_children(n)` 走了两遍：它可能是生成器，第一遍就用完了；先用 `list` 存下。",
    en="It walks twice through `get_children(n)`: that may be a generator, which is used up after once; keep a `list` of it.",
)
def walks_it_twice(node, get_children):
    order, state, stack = [], {}, [node]
    while stack:
        current = stack[-1]
        if current in state:
            stack.pop()
            if not state[current]:
                state[current] = True
                order.append(current)
            continue
        state[current] = False
        children = get_children(current)
        if any(state.get(child) is False for child in children):
            raise ValueError(current)
        stack += [child for child in children if child not in state]
    return order


def checked(node, get_children):
    """ValueError where there is a cycle, else the origins of all nodes."""
    children = {}

    def remembered(n):
        if n not in children:
            children[n] = list(get_children(n))
        return children[n]

    order = solutions.topological_sort(node, remembered)
    return order, children


@mistake(
    "topological_sort",
    zh="顺序反了：来源要排在前面，`node` 在最后。",
    en="The order is reversed: origins come first, and `node` last.",
)
def start_first(node, get_children):
    return checked(node, get_children)[0][::-1]


@mistake(
    "topological_sort",
    zh="一碰到就排上（先序，再倒过来）：来源可能排在用它的节点后面。",
    en="Nodes are put in the row when they are met (and the row reversed): an origin may stand after what uses it.",
)
def when_met(node, get_children):
    _, children = checked(node, get_children)
    order, stack, seen = [], [node], set()
    while stack:
        current = stack.pop()
        if current not in seen:
            seen.add(current)
            order.append(current)
            stack += children[current][::-1]
    return order[::-1]


@mistake(
    "topological_sort",
    zh="按离起点的步数排（广度优先）：来源可能排在用它的节点后面。",
    en="Nodes are sorted by their distance from the start (breadth first): an origin may stand after what uses it.",
)
def breadth_first(node, get_children):
    _, children = checked(node, get_children)
    order, seen = [node], {node}
    for current in order:
        new = [child for child in dict.fromkeys(children[current]) if child not in seen]
        order += new
        seen.update(new)
    return order[::-1]


@mistake(
    "topological_sort",
    zh="压栈时就记为见过：先压的来源可能还没轮到，顺序就乱了。",
    en="Nodes count as seen when they are put on the stack: one put there early may not have had its turn, and the order is wrong.",
)
def seen_when_pushed(node, get_children):
    _, children = checked(node, get_children)
    order, seen, stack = [], {node}, [(node, False)]
    while stack:
        current, leaving = stack.pop()
        if leaving:
            order.append(current)
            continue
        stack.append((current, True))
        for child in children[current]:
            if child not in seen:
                seen.add(child)
                stack.append((child, False))
    return order


@mistake(
    "topological_sort",
    zh="共用的节点被当成了环：两条路到同一个节点，不是环。",
    en="A shared node is taken for a cycle: two ways to one node aren't one.",
)
def shared_is_a_cycle(node, get_children):
    seen, stack, order = set(), [node], []
    while stack:
        current = stack.pop()
        if current in seen:
            raise ValueError("seen before")
        seen.add(current)
        order.append(current)
        stack += get_children(current)
    return order[::-1]


@mistake(
    "topological_sort",
    zh="每条路都走一遍：共用的节点重复出现，路的条数成倍增长。",
    en="Every path is walked: shared nodes come twice, and the number of paths doubles and doubles.",
)
def every_path(node, get_children):
    order, stack = [], [(node, False)]
    while stack:
        current, leaving = stack.pop()
        if leaving:
            order.append(current)
        else:
            stack.append((current, True))
            stack += [(child, False) for child in list(get_children(current))[::-1]]
    return order


@mistake("topological_sort", zh="`node` 自己没有排进去。", en="`node` itself isn't in the row.")
def without_the_start(node, get_children):
    return checked(node, get_children)[0][:-1]


@mistake("topological_sort", zh="返回的是元组，应当是列表。", en="It returns a tuple, where a list is wanted.")
def as_a_tuple(node, get_children):
    return tuple(checked(node, get_children)[0])


@mistake("topological_sort", zh="返回的是集合：集合没有顺序。", en="It returns a set, which has no order.")
def as_a_set(node, get_children):
    return set(checked(node, get_children)[0])


@mistake(
    "topological_sort",
    zh="有环时报的不是 `ValueError`。",
    en="Where there is a cycle it raises something other than `ValueError`.",
)
def runtime_error(node, get_children):
    try:
        return solutions.topological_sort(node, get_children)
    except ValueError as error:
        raise RuntimeError("a cycle") from error


@mistake(
    "topological_sort",
    zh="是自己来源的节点没有被发现：那也是环。",
    en="A node that is its own origin isn't noticed: that is a cycle, too.",
)
def self_is_no_cycle(node, get_children):
    return solutions.topological_sort(node, lambda n: [child for child in get_children(n) if child != n])


@mistake(
    "topological_sort",
    zh="只查了能不能回到起点：不经过起点的环没有发现。",
    en="It only looks for ways back to the start: cycles elsewhere aren't noticed.",
)
def only_back_to_the_start(node, get_children):
    def children(n):
        found = list(get_children(n))
        if node in found:
            raise ValueError("back at the start")
        return found

    return no_cycles(node, children)


@mistake(
    "topological_sort",
    zh="值为假的节点（如 0）被跳过了：用 `is None` 或 `in` 判断，不要用 `if child`。",
    en="Nodes that count as false (0, say) are skipped: ask by `in` or `is None`, not by `if child`.",
)
def skips_zero(node, get_children):
    return solutions.topological_sort(node, lambda n: [child for child in get_children(n) if child])


@mistake(
    "topological_sort",
    zh="节点每到一次栈顶就重新调用一次 `get_children`：来源多少个，就问多少遍；把来源存下来。",
    en="`get_children` is called anew each time a node is on top, so once for each of its origins: keep what it gave.",
)
def asks_for_each_origin(node, get_children):
    order, state, stack = [], {node: "begun"}, [node]
    while stack:
        for child in get_children(stack[-1]):
            if state.get(child) == "begun":
                raise ValueError(child)
            if child not in state:
                state[child] = "begun"
                stack.append(child)
                break
        else:
            state[stack[-1]] = "done"
            order.append(stack.pop())
    return order


@mistake(
    "topological_sort",
    zh="按 `id` 区分节点：相等的应当是同一个。",
    en="Nodes are told apart by `id`: those that are equal are the same.",
)
def by_id(node, get_children):
    order, state, stack, keep = [], {}, [(node, False)], []
    while stack:
        current, leaving = stack.pop()
        if leaving:
            state[id(current)] = "done"
            order.append(current)
        elif id(current) not in state:
            state[id(current)] = "open"
            stack.append((current, True))
            for child in get_children(current):
                keep.append(child)
                if state.get(id(child)) == "open":
                    raise ValueError(child)
                stack.append((child, False))
    return order


def origins(t):
    return list(t.recipe.parents.values()) if t.recipe else []


@mistake(
    "sorted_computational_graph",
    zh="顺序反了：`tensor` 在最前面，叶子在后面。",
    en="The order is reversed: `tensor` comes first, leaves come last.",
)
def leaves_first(tensor):
    return solutions.sorted_computational_graph(tensor)[::-1]


@mistake(
    "sorted_computational_graph",
    zh="叶子没有排进去：它们正是要写 `grad` 的。",
    en="Leaves aren't in the row: they are the ones whose `grad` is written.",
)
def no_leaves(tensor):
    return [t for t in solutions.sorted_computational_graph(tensor) if t.recipe]


@mistake(
    "sorted_computational_graph",
    zh="叶子没有排进去：它们正是要写 `grad` 的。",
    en="Leaves aren't in the row: they are the ones whose `grad` is written.",
)
def no_leaves_behind(tensor):
    return [t for t in solutions.sorted_computational_graph(tensor) if t.recipe or t is tensor]


@mistake("sorted_computational_graph", zh="`tensor` 自己没有排进去。", en="`tensor` itself isn't in the row.")
def no_end(tensor):
    return solutions.sorted_computational_graph(tensor)[1:]


@mistake("sorted_computational_graph", zh="只往回走了一步。", en="It goes back by one step only.")
def one_step(tensor):
    return list(dict.fromkeys([tensor, *origins(tensor)]))


@mistake(
    "sorted_computational_graph", zh="每个节点只走了第一个来源。", en="Of each node only the first origin is followed."
)
def first_parent_only(tensor):
    return solutions.topological_sort(tensor, lambda t: origins(t)[:1])[::-1]


@mistake(
    "sorted_computational_graph",
    zh="一碰到就排上：节点可能排在自己的来源后面。",
    en="Nodes are put in the row when they are met: one may stand after its own origins.",
)
def graph_when_met(tensor):
    order, stack = {}, [tensor]
    while stack:
        current = stack.pop()
        if current not in order:
            order[current] = True
            stack += origins(current)[::-1]
    return list(order)


@mistake(
    "sorted_computational_graph",
    zh="按离结果的步数排：节点可能排在自己的来源后面。",
    en="Nodes are sorted by their distance from the result: one may stand after its own origins.",
)
def graph_by_distance(tensor):
    order, queue = {tensor: True}, [tensor]
    for current in queue:
        for parent in origins(current):
            if parent not in order:
                order[parent] = True
                queue.append(parent)
    return list(order)


@mistake(
    "sorted_computational_graph",
    zh="按层排，但节点的层变大以后，它的来源没有跟着变：节点可能排在自己的来源后面。",
    en="It sorts by levels, but when the level of a node rises, those of its origins stay: one may stand after its own origins.",
)
def graph_by_levels(tensor):
    levels, queue = {tensor: 0}, [tensor]
    for current in queue:
        for parent in origins(current):
            if parent not in levels:
                queue.append(parent)
            levels[parent] = max(levels.get(parent, 0), levels[current] + 1)
    return sorted(levels, key=lambda t: levels[t])


@mistake(
    "sorted_computational_graph",
    zh="递归：10,000 步的链会超过递归的深度。",
    en="It recurses: a chain of 10,000 steps exceeds the depth of recursion.",
)
def graph_recursive(tensor):
    return post_order(tensor, origins, [], set())[::-1]


@mistake(
    "sorted_computational_graph",
    zh="用了两次的 `Tensor` 排了两次。",
    en="A `Tensor` that was used twice is there twice.",
)
def there_twice(tensor):
    order = solutions.sorted_computational_graph(tensor)
    uses = Counter(id(parent) for t in order for parent in origins(t))
    return [t for t in order for _ in range(max(1, uses[id(t)]))]


@mistake("sorted_computational_graph", zh="返回的是集合：集合没有顺序。", en="It returns a set, which has no order.")
def graph_as_a_set(tensor):
    return set(solutions.sorted_computational_graph(tensor))


@mistake(
    "sorted_computational_graph",
    zh="叶子没有来源，问它的 `recipe.parents` 就报了错。",
    en="A leaf has no recipe, and asking for its `recipe.parents` fails.",
)
def leaves_fail(tensor):
    return solutions.topological_sort(tensor, lambda t: t.recipe.parents.values())[::-1]


@mistake(
    "sorted_computational_graph",
    zh="把 `parents` 的键（位置）当成了来源，来源是它的值。",
    en="It takes the keys of `parents` (places) for the origins: they are its values.",
)
def keys_for_origins(tensor):
    return solutions.topological_sort(tensor, lambda t: t.recipe.parents if isinstance(t, Tensor) and t.recipe else ())[
        ::-1
    ]


def walk(
    end_node,
    end_grad=None,
    *,
    order=solutions.sorted_computational_graph,
    combine=lambda old, new: old + new,
    write=None,
    start=None,
    place_of=lambda i: i,
    after=lambda node: None,
    call=lambda rule, grad, node: rule(grad, node.array, *node.recipe.args, **node.recipe.kwargs),
):
    """Backpropagation with a choice of faults."""
    begin = (start or np.ones_like)(end_node.array) if end_grad is None else end_grad.array
    grads = {end_node: begin}
    for node in order(end_node):
        if node not in grads:
            continue
        grad = grads[node]
        if node.recipe is None:
            if node.requires_grad:
                (write or written)(node, grad)
            continue
        for i, parent in node.recipe.parents.items():
            slope = call(BACK_FUNCS.get_back_func(node.recipe.func, place_of(i)), grad, node)
            grads[parent] = combine(grads[parent], slope) if parent in grads else slope
        after(node)


def written(node, grad):
    grad = np.asarray(grad).astype(node.array.dtype)
    node.grad = Tensor(grad if node.grad is None else node.grad.array + grad)


@mistake(
    "backprop",
    zh="在分叉处，后到的斜率盖掉了先到的：要相加。",
    en="At fan-out a slope that comes later replaces the earlier one: add them.",
)
def replaces(end_node, end_grad=None):
    walk(end_node, end_grad, combine=lambda old, new: new)


@mistake(
    "backprop",
    zh="叶子原有的 `grad` 被盖掉了：第二次要加上去。",
    en="The `grad` that a leaf had is replaced: the second time, add to it.",
)
def replaces_in_leaves(end_node, end_grad=None):
    def write(node, grad):
        node.grad = Tensor(np.asarray(grad).astype(node.array.dtype))

    walk(end_node, end_grad, write=write)


@mistake(
    "backprop",
    zh="用 `+=` 就地累加：同一个数组可能已经送给了另一个节点，也跟着变了。",
    en="It adds in place by `+=`: the same array may have gone to another node, which changes, too.",
)
def adds_in_place(end_node, end_grad=None):
    def combine(old, new):
        if isinstance(old, np.ndarray) and old.ndim and old.flags.writeable:
            old += new
            return old
        return old + new

    walk(end_node, None if end_grad is None else Tensor(end_grad.array.copy()), combine=combine)


@mistake(
    "backprop",
    zh="叶子的 `grad` 没有自己的拷贝：几个 `grad` 会共用一个数组。",
    en="The `grad` of a leaf is no copy of its own: several share one array.",
)
def no_copy(end_node, end_grad=None):
    def write(node, grad):
        grad = np.asarray(grad).astype(node.array.dtype, copy=False)
        node.grad = Tensor(grad if node.grad is None else node.grad.array + grad)

    walk(end_node, end_grad, write=write)


@mistake(
    "backprop",
    zh="用 `+=` 就地累加：那个数组可能已经送给了另一个节点，也跟着变了；规则送来的还可能是只读的。",
    en="It adds in place by `+=`: that array may have gone to another node, which changes, too; and what a rule sends may be read-only.",
)
def always_adds_in_place(end_node, end_grad=None):
    def combine(old, new):
        old += new
        return old

    walk(end_node, None if end_grad is None else Tensor(end_grad.array.copy()), combine=combine)


@mistake(
    "backprop",
    zh="叶子的 `grad` 就是送来的那个数组：要一份自己的拷贝，类型也要与叶子相同。",
    en="The `grad` of a leaf is the very array that arrived: it needs a copy of its own, in the dtype of the leaf.",
)
def the_array_itself(end_node, end_grad=None):
    def write(node, grad):
        node.grad = Tensor(grad if node.grad is None else node.grad.array + grad)

    walk(end_node, end_grad, write=write)


@mistake(
    "backprop",
    zh="没有给 `end_grad` 时从单独一个 1 开始：形状应当与 `end_node` 相同。",
    en="Without an `end_grad` it starts with a single 1: the slopes need the shape of `end_node`.",
)
def starts_with_one_number(end_node, end_grad=None):
    walk(end_node, end_grad, start=lambda x: np.ones((), dtype=x.dtype))


@mistake(
    "backprop",
    zh="同一个来源占两个位置（如 `w * w`）时，只走了一条箭头：每个位置都要走。",
    en="Where a parent stands in two places (as in `w * w`), only one arrow is walked: walk one for each place.",
)
def one_arrow_for_two(end_node, end_grad=None):
    begin = np.ones_like(end_node.array) if end_grad is None else end_grad.array
    grads = {end_node: begin}
    for node in solutions.sorted_computational_graph(end_node):
        if node.recipe is None:
            if node.requires_grad:
                written(node, grads[node])
            continue
        for parent, i in {parent: i for i, parent in node.recipe.parents.items()}.items():
            rule = BACK_FUNCS.get_back_func(node.recipe.func, i)
            slope = rule(grads[node], node.array, *node.recipe.args, **node.recipe.kwargs)
            grads[parent] = grads[parent] + slope if parent in grads else slope


@mistake(
    "backprop",
    zh="斜率全是 0 时什么也没写：叶子的 `grad` 应当是 0，不是 `None`。",
    en="Where all slopes are 0 nothing is written: the `grad` of a leaf should be 0 then, not `None`.",
)
def zeros_are_skipped(end_node, end_grad=None):
    def write(node, grad):
        if np.any(grad):
            written(node, grad)

    walk(end_node, end_grad, write=write)


@mistake("backprop", zh="没有用 `end_grad`：总是从 1 开始。", en="`end_grad` isn't used: it always starts with 1.")
def ignores_end_grad(end_node, end_grad=None):
    walk(end_node)


@mistake(
    "backprop",
    zh="没有给 `end_grad` 时报了错：默认处处是 1。",
    en="It fails without an `end_grad`: by default that is 1 everywhere.",
)
def wants_end_grad(end_node, end_grad=None):
    assert end_grad is not None
    walk(end_node, end_grad)


@mistake(
    "backprop",
    zh="没有给 `end_grad` 时从 0 开始：应当是 1。",
    en="Without an `end_grad` it starts with 0: it should be 1.",
)
def starts_with_zero(end_node, end_grad=None):
    walk(end_node, end_grad, start=np.zeros_like)


@mistake(
    "backprop",
    zh="没有给 `end_grad` 时从 1 除以元素个数开始，那是平均的斜率；应当处处是 1。",
    en="Without an `end_grad` it starts with 1 over the number of elements, which gives slopes of the mean; it should be 1 everywhere.",
)
def starts_with_a_mean(end_node, end_grad=None):
    walk(end_node, end_grad, start=lambda x: np.ones_like(x) / max(x.size, 1))


@mistake(
    "backprop",
    zh="中间结果也写了 `grad`：只有叶子才有。",
    en="Results on the way get a `grad` as well: only leaves have one.",
)
def grads_everywhere(end_node, end_grad=None):
    walk(end_node, end_grad, after=lambda node: setattr(node, "grad", Tensor(np.ones_like(node.array))))


@mistake(
    "backprop",
    zh="`end_node` 不要求梯度，也写了 `grad`：那时什么也不该发生。",
    en="An `end_node` that wants no gradient gets a `grad`: nothing should happen then.",
)
def unasked(end_node, end_grad=None):
    walk(end_node, end_grad)
    if end_node.recipe is None and not end_node.requires_grad:
        written(end_node, np.ones_like(end_node.array) if end_grad is None else end_grad.array)


@mistake(
    "backprop",
    zh="`grad` 的类型是规则给的，应当与叶子相同。",
    en="The dtype of a `grad` is what the rule gave: it should be the leaf's.",
)
def dtype_of_the_rule(end_node, end_grad=None):
    def write(node, grad):
        node.grad = Tensor(np.array(grad) if node.grad is None else node.grad.array + grad)

    walk(end_node, end_grad, write=write)


@mistake("backprop", zh="总是用第 0 个参数的规则。", en="It always uses the rule of argument 0.")
def always_the_first(end_node, end_grad=None):
    walk(end_node, end_grad, place_of=lambda i: 0)


@mistake(
    "backprop", zh="配方里按名字给的参数没有传给规则。", en="The recipe's arguments given by name don't reach the rule."
)
def names_forgotten(end_node, end_grad=None):
    walk(end_node, end_grad, call=lambda rule, grad, node: rule(grad, node.array, *node.recipe.args))


@mistake(
    "backprop",
    zh="传给规则的 `out` 是第一个参数，应当是这个节点的数组。",
    en="What the rule gets for `out` is the first argument: it should be the array of this node.",
)
def input_for_out(end_node, end_grad=None):
    walk(
        end_node,
        end_grad,
        call=lambda rule, grad, node: rule(grad, node.recipe.args[0], *node.recipe.args, **node.recipe.kwargs),
    )


@mistake(
    "backprop",
    zh="传给规则的总是 1，不是送到这个节点的斜率。",
    en="Rules always get 1, instead of the slope that arrived at the node.",
)
def upstream_forgotten(end_node, end_grad=None):
    walk(
        end_node,
        end_grad,
        call=lambda rule, grad, node: rule(
            np.ones_like(node.array), node.array, *node.recipe.args, **node.recipe.kwargs
        ),
    )


@mistake(
    "backprop",
    zh="一碰到就处理：节点在所有斜率送回之前就往下传了。",
    en="Nodes are handled when they are met: they hand on before all their slopes have come back.",
)
def hasty(end_node, end_grad=None):
    walk(end_node, end_grad, order=graph_when_met)


@mistake(
    "backprop",
    zh="按离结果的步数处理：节点在所有斜率送回之前就往下传了。",
    en="Nodes are handled by their distance from the result: they hand on before all their slopes have come back.",
)
def by_distance(end_node, end_grad=None):
    walk(end_node, end_grad, order=graph_by_distance)


@mistake(
    "backprop",
    zh="每条路都走一遍（递归），路的条数成倍增长，长链超过递归的深度。",
    en="Every path is walked (by recursion): their number doubles and doubles, and a long chain exceeds the depth of recursion.",
)
def path_by_path(end_node, end_grad=None):
    def visit(node, grad):
        if node.recipe is None:
            if node.requires_grad:
                written(node, grad)
            return
        for i, parent in node.recipe.parents.items():
            rule = BACK_FUNCS.get_back_func(node.recipe.func, i)
            visit(parent, rule(grad, node.array, *node.recipe.args, **node.recipe.kwargs))

    visit(end_node, np.ones_like(end_node.array) if end_grad is None else end_grad.array)


@mistake(
    "backprop",
    zh="按层走，但节点的层变大以后，它的来源没有跟着变：有的节点还没收齐就往下传了。",
    en="It goes by levels, but when the level of a node rises, those of its origins stay: some hand on before all their slopes have come back.",
)
def by_levels(end_node, end_grad=None):
    walk(end_node, end_grad, order=graph_by_levels)


KNOWN: dict = {}


@mistake(
    "backprop",
    zh="查过的规则自己存了一份：后来在 `BACK_FUNCS` 里换了规则，它还用旧的；每次调用都要现查。",
    en="Rules once found are kept aside: one replaced in `BACK_FUNCS` later isn't used; look them up in each call.",
)
def rules_kept_aside(end_node, end_grad=None):
    grads = {end_node: np.ones_like(end_node.array) if end_grad is None else end_grad.array}
    for node in solutions.sorted_computational_graph(end_node):
        grad, recipe = grads.pop(node), node.recipe
        if recipe is None:
            if node.requires_grad:
                written(node, grad)
            continue
        for i, parent in recipe.parents.items():
            if (recipe.func, i) not in KNOWN:
                KNOWN[recipe.func, i] = BACK_FUNCS.get_back_func(recipe.func, i)
            slope = KNOWN[recipe.func, i](grad, node.array, *recipe.args, **recipe.kwargs)
            grads[parent] = grads[parent] + slope if parent in grads else slope


@mistake(
    "backprop",
    zh="`Tensor.tracking` 是 `False` 时什么也没做：开关只管写不写配方，已有的配方照样走。",
    en="While `Tensor.tracking` is `False` nothing happens: the switch is for writing recipes, and those that are there are walked.",
)
def asks_the_switch(end_node, end_grad=None):
    if Tensor.tracking:
        walk(end_node, end_grad)


@mistake(
    "backprop",
    zh="递归排序：10,000 步的链会超过递归的深度。",
    en="It sorts by recursion: a chain of 10,000 steps exceeds the depth of recursion.",
)
def recursive_order(end_node, end_grad=None):
    walk(end_node, end_grad, order=graph_recursive)


@mistake("backprop", zh="`grad` 是数组，应当是 `Tensor`。", en="The `grad` is an array, where a `Tensor` is wanted.")
def grads_are_arrays(end_node, end_grad=None):
    def write(node, grad):
        old = 0 if node.grad is None else node.grad
        node.grad = (old + np.asarray(grad)).astype(node.array.dtype)

    walk(end_node, end_grad, write=write)


@mistake(
    "backprop",
    zh="走完把配方删了：第二次 `backward()` 就走不到叶子。",
    en="Recipes are deleted on the way: a second `backward()` doesn't reach the leaves.",
)
def deletes_recipes(end_node, end_grad=None):
    walk(end_node, end_grad, after=lambda node: setattr(node, "recipe", None))


@mistake("backprop", zh="`end_grad` 被就地改动了。", en="`end_grad` is changed in place.")
def spoils_end_grad(end_node, end_grad=None):
    walk(end_node, end_grad)
    if end_grad is not None:
        end_grad.array = end_grad.array * 2


@mistake(
    "backprop",
    zh="`end_node` 是叶子时什么也没写：它的 `grad` 应加上 `end_grad`。",
    en="Nothing is written where `end_node` is a leaf: `end_grad` should be added to its `grad`.",
)
def leaf_alone_left_out(end_node, end_grad=None):
    if end_node.recipe is not None:
        walk(end_node, end_grad)


@mistake(
    "backprop",
    zh="它动了叶子的值：反向只写 `grad`，走一步是优化器的事。",
    en="It changes the values of leaves: the way back only writes `grad`, and steps are up to an optimiser.",
)
def takes_a_step(end_node, end_grad=None):
    def write(node, grad):
        written(node, grad)
        node.array = node.array - 0.1 * node.grad.array

    walk(end_node, end_grad, write=write)


@mistake(
    "backprop",
    zh="什么也没写：叶子的 `grad` 还是 `None`。",
    en="Nothing is written: the leaves' `grad` is still `None`.",
)
def writes_nothing(end_node, end_grad=None):
    walk(end_node, end_grad, write=lambda node, grad: None)


@mistake(
    "backprop",
    zh="中间节点的斜率留到了下一次：再走一遍时多算了。",
    en="Slopes at nodes in between are kept for the next time, and count again then.",
)
def kept_for_next_time(end_node, end_grad=None):
    kept = KEPT if end_node in KEPT else {}
    start = np.ones_like(end_node.array) if end_grad is None else end_grad.array
    grads = defaultdict(lambda: 0, kept)
    grads[end_node] = grads[end_node] + start
    for node in solutions.sorted_computational_graph(end_node):
        if node.recipe is None:
            if node.requires_grad:
                written(node, grads.pop(node))
            continue
        for i, parent in node.recipe.parents.items():
            rule = BACK_FUNCS.get_back_func(node.recipe.func, i)
            grads[parent] = grads[parent] + rule(grads[node], node.array, *node.recipe.args, **node.recipe.kwargs)
    KEPT.clear()
    KEPT.update(grads)


KEPT: dict = {}


# Shapes


@mistake(
    "reshape_back",
    zh="又用了一次 `shape`：应当回到 `x` 的形状。",
    en="`shape` is used once more: it should go back to the shape of `x`.",
)
def shape_again(grad_out, out, x, shape):
    return grad_out.reshape(shape)


@mistake("reshape_back", zh="展平了：应当是 `x` 的形状。", en="It is flattened: it should have the shape of `x`.")
def flattened(grad_out, out, x, shape):
    return grad_out.reshape(-1)


@mistake(
    "reshape_back",
    zh="数按列排了，应当按行，与 `np.reshape` 一样。",
    en="The numbers are laid out by columns: they should be by rows, as `np.reshape` does.",
)
def by_columns(grad_out, out, x, shape):
    return grad_out.reshape(x.shape, order="F")


@mistake("reshape_back", zh="数的顺序倒过来了。", en="The order of the numbers is reversed.")
def backwards(grad_out, out, x, shape):
    return grad_out.ravel()[::-1].reshape(x.shape)


@mistake("reshape_back", zh="返回的是 `x` 的值，不是斜率。", en="It returns the values of `x`, not the slopes.")
def values_of_x(grad_out, out, x, shape):
    return np.array(x)


@mistake(
    "reshape_back",
    zh="用了转置：只有排法变了，轴没有交换。",
    en="It transposes: only the layout changed, and no axes were exchanged.",
)
def transposed(grad_out, out, x, shape):
    return grad_out.T.reshape(x.shape)


@mistake(
    "reshape_back",
    zh="就地改了 `grad_out` 的形状：它是传入的数组，用 `reshape` 造新的。",
    en="The shape of `grad_out` itself is changed: it is an array that came in; make a new one by `reshape`.",
)
def shape_set_in_place(grad_out, out, x, shape):
    grad_out.shape = x.shape
    return grad_out


@mistake(
    "reshape_back",
    zh='读数的顺序跟着内存走（`order="A"` 或 `"K"`）：`grad_out` 按列存放时就错了。',
    en='It reads the numbers as they lie in memory (`order="A"` or `"K"`): that is wrong where `grad_out` lies there by columns.',
)
def as_in_memory(grad_out, out, x, shape):
    return grad_out.reshape(x.shape, order="A")


@mistake(
    "permute_back",
    zh="又用了一次同样的 `axes`：要用逆排列。",
    en="The same `axes` are used once more: the inverse permutation is needed.",
)
def same_axes_again(grad_out, out, x, axes):
    return grad_out.transpose(axes)


@mistake("permute_back", zh="没有换回轴的顺序。", en="The axes aren't brought back into their order.")
def not_permuted(grad_out, out, x, axes):
    return grad_out.copy()


@mistake(
    "permute_back",
    zh="所有的轴都倒了过来：只有 `axes` 本身就是倒序时才对。",
    en="All axes are reversed: that is right only where `axes` reverses them, too.",
)
def all_reversed(grad_out, out, x, axes):
    return grad_out.T


@mistake(
    "permute_back",
    zh="只改了形状，数的位置不对：要换轴，不是 `reshape`。",
    en="Only the shape is right, the numbers are elsewhere: permute axes, don't `reshape`.",
)
def reshaped_only(grad_out, out, x, axes):
    return grad_out.reshape(x.shape)


@mistake(
    "permute_back",
    zh="负的下标没有先换成正的：`argsort` 就排错了。",
    en="Negative indices aren't made positive first, and `argsort` goes wrong.",
)
def negatives_forgotten(grad_out, out, x, axes):
    return grad_out.transpose(np.argsort(axes))


@mistake("permute_back", zh="`axes` 倒过来读，不是它的逆。", en="`axes` read from the end is not its inverse.")
def axes_read_backwards(grad_out, out, x, axes):
    return grad_out.transpose(axes[::-1])


@mistake(
    "permute_back",
    zh="负的下标报了错：它从后往前数轴。",
    en="It fails on negative indices: they count axes from the end.",
)
def positive_only(grad_out, out, x, axes):
    return grad_out.transpose([list(axes).index(i) for i in range(x.ndim)])


@mistake(
    "sum_back",
    zh="斜率被均分了：和的每一项都收到全部。",
    en="The slope is shared out: each term of a sum gets all of it.",
)
def shared_out(grad_out, out, x, dim=None, keepdim=False):
    count = np.asarray(max(x.size, 1) // max(np.size(grad_out), 1) or 1, dtype=x.dtype)
    return solutions.sum_back(grad_out, out, x, dim, keepdim) / count


@mistake(
    "sum_back",
    zh="没有补回求和的轴，就直接广播：轴会对错位置。",
    en="The summed axes aren't put back before broadcasting: axes are matched wrongly.",
)
def axis_not_restored(grad_out, out, x, dim=None, keepdim=False):
    return np.array(np.broadcast_to(grad_out, x.shape))


@mistake(
    "sum_back",
    zh="`dim=0` 被当成了没有给（`if not dim`）：用 `dim is None` 判断。",
    en="`dim=0` is taken for none at all (`if not dim`): ask `dim is None`.",
)
def zero_is_none(grad_out, out, x, dim=None, keepdim=False):
    if not keepdim:
        missing = x.ndim - np.ndim(grad_out)
        grad_out = np.expand_dims(grad_out, dim) if dim else np.reshape(grad_out, np.shape(grad_out) + (1,) * missing)
    return np.array(np.broadcast_to(grad_out, x.shape))


@mistake(
    "sum_back",
    zh="几个轴按给的顺序一个一个补：没有排过序的或负的下标就补错了；一次补上，`np.expand_dims(grad_out, dim)`。",
    en="Axes are put back one by one in the order given, which goes wrong where indices aren't sorted or are negative: put all back at once, `np.expand_dims(grad_out, dim)`.",
)
def one_by_one(grad_out, out, x, dim=None, keepdim=False):
    if dim is not None and not keepdim:
        for axis in dim if isinstance(dim, tuple) else (dim,):
            grad_out = np.expand_dims(grad_out, axis)
    return np.array(np.broadcast_to(grad_out, x.shape))


@mistake(
    "sum_back",
    zh="补轴时没有先把负的下标换成正的：轴少了，从后往前数就不同了。",
    en="Negative indices aren't made positive before axes are put back: while axes are missing, counting from the end gives other axes.",
)
def negative_as_given(grad_out, out, x, dim=None, keepdim=False):
    if dim is not None and not keepdim:
        for axis in sorted(dim) if isinstance(dim, tuple) else (dim,):
            grad_out = np.expand_dims(grad_out, axis if axis >= 0 else axis + np.ndim(grad_out))
    return np.array(np.broadcast_to(grad_out, x.shape))


@mistake(
    "sum_back", zh="原样返回了，形状应与 `x` 相同。", en="It comes back as it was, where the shape of `x` is wanted."
)
def not_broadcast(grad_out, out, x, dim=None, keepdim=False):
    return grad_out.copy()


@mistake(
    "sum_back",
    zh="没有理会 `keepdim`：轴还在时又补了一次。",
    en="It ignores `keepdim`: axes that are still there are put back once more.",
)
def keepdim_ignored(grad_out, out, x, dim=None, keepdim=False):
    if dim is not None:
        grad_out = np.expand_dims(grad_out, dim)
    return np.array(np.broadcast_to(grad_out, x.shape))


@mistake("sum_back", zh="`dim` 是元组时报了错。", en="It fails where `dim` is a tuple.")
def one_axis_only(grad_out, out, x, dim=None, keepdim=False):
    if isinstance(dim, tuple):
        raise TypeError(dim)
    return solutions.sum_back(grad_out, out, x, dim, keepdim)


@mistake(
    "sum_back",
    zh="`dim` 是 `None` 时报了错：那是全部求和。",
    en="It fails where `dim` is `None`, which sums over everything.",
)
def none_fails(grad_out, out, x, dim=None, keepdim=False):
    if dim is None:
        raise TypeError(dim)
    return solutions.sum_back(grad_out, out, x, dim, keepdim)


@mistake("sum_back", zh="负的 `dim` 补错了轴。", en="A negative `dim` puts back the wrong axis.")
def negative_dim(grad_out, out, x, dim=None, keepdim=False):
    if isinstance(dim, int) and dim < 0 and not keepdim:
        dim = max(dim + x.ndim - 1, 0)
    return solutions.sum_back(np.resize(grad_out, np.sum(x, axis=dim, keepdims=keepdim).shape), out, x, dim, keepdim)


@mistake("sum_back", zh="乘上了 `x`：和的斜率是 1。", en="It multiplies by `x`: the slope of a sum is 1.")
def weighted_by_x(grad_out, out, x, dim=None, keepdim=False):
    return solutions.sum_back(grad_out, out, x, dim, keepdim) * x


@mistake(
    "getitem_back",
    zh="重复的下标只算了最后一份：几份要加起来。",
    en="Of an index that occurs twice only the last part counts: the parts are added.",
)
def last_one_counts(grad_out, out, x, index):
    result = np.zeros_like(x)
    result[index] = grad_out
    return result


@mistake(
    "getitem_back",
    zh="下标是元组时，重复的只算了最后一份：一组数组也会选中同一个位置几次。",
    en="Where the index is a tuple, of repeats only the last part counts: a tuple of arrays may pick one place several times, too.",
)
def tuples_dont_repeat(grad_out, out, x, index):
    if isinstance(index, tuple):
        return last_one_counts(grad_out, out, x, index)
    return solutions.getitem_back(grad_out, out, x, index)


@mistake(
    "getitem_back",
    zh="下标是数组时，重复的只算了最后一份：不只列表会重复。",
    en="Where the index is an array, of repeats only the last part counts: not only lists repeat.",
)
def arrays_dont_repeat(grad_out, out, x, index):
    if isinstance(index, list):
        return solutions.getitem_back(grad_out, out, x, index)
    return last_one_counts(grad_out, out, x, index)


@mistake(
    "getitem_back",
    zh="下标被换成了数组：切片和元组就不再是原来的下标了；原样使用。",
    en="The index is made an array: slices and tuples then mean something else; use it as it is.",
)
def index_to_array(grad_out, out, x, index):
    result = np.zeros_like(x)
    np.add.at(result, np.asarray(index), grad_out)
    return result


@mistake(
    "getitem_back",
    zh="下标总被当作一列行号来循环：它也可能是一个数、切片或元组。",
    en="The index is always taken for a row of numbers to loop over: it may be a single number, a slice or a tuple.",
)
def loops_over_the_index(grad_out, out, x, index):
    result = np.zeros_like(x)
    for i, part in zip(index, grad_out, strict=False):
        result[i] += part
    return result


@mistake(
    "getitem_back", zh="没选中的位置填了 1，应当是 0。", en="Places that weren't picked hold 1: they should hold 0."
)
def ones_elsewhere(grad_out, out, x, index):
    result = np.zeros_like(x)
    np.add.at(result, index, grad_out)
    picked = np.zeros(x.shape, dtype=bool)
    picked[index] = True
    result[~picked] = 1
    return result


@mistake(
    "getitem_back",
    zh="没选中的位置留着 `x` 的值，应当是 0。",
    en="Places that weren't picked keep the values of `x`: they should hold 0.",
)
def values_elsewhere(grad_out, out, x, index):
    result = np.array(x)
    result[index] = 0
    np.add.at(result, index, grad_out)
    return result


@mistake(
    "getitem_back",
    zh="返回的是 `grad_out` 里的那几个，应当有 `x` 的形状。",
    en="It returns what arrived, where the shape of `x` is wanted.",
)
def only_the_picked(grad_out, out, x, index):
    return grad_out.copy()


@mistake(
    "getitem_back",
    zh="从 `grad_out` 里取了下标，应当写到 `x` 的那些位置。",
    en="It takes the index from `grad_out`: it should write to those places of `x`.",
)
def picks_again(grad_out, out, x, index):
    return grad_out[index]


@mistake(
    "getitem_back",
    zh="重复的下标取了平均，应当相加。",
    en="Of an index that occurs several times the mean is taken: the parts are added.",
)
def mean_of_repeats(grad_out, out, x, index):
    counts = np.zeros_like(x)
    np.add.at(counts, index, 1)
    return solutions.getitem_back(grad_out, out, x, index) / np.maximum(counts, 1)


@mistake("getitem_back", zh="从 `x` 的拷贝开始加，应当从 0 开始。", en="It adds to a copy of `x`: begin with zeros.")
def on_top_of_x(grad_out, out, x, index):
    result = np.array(x)
    np.add.at(result, index, grad_out)
    return result


@mistake("true_divide_back1", zh="漏了平方：斜率是 $-x/y^2$。", en="The square is missing: the slope is $-x/y^2$.")
def square_missing(grad_out, out, x, y):
    return unbroadcast(-grad_out * x / y, y)


@mistake("true_divide_back1", zh="漏了 $x$：斜率是 $-x/y^2$。", en="The $x$ is missing: the slope is $-x/y^2$.")
def numerator_missing(grad_out, out, x, y):
    return unbroadcast(-grad_out / y**2 * np.ones_like(out), y)


@mistake("true_divide_back1", zh="这是第一个参数的规则 $1/y$。", en="This is the rule of the first argument, $1/y$.")
def rule_of_the_first(grad_out, out, x, y):
    return unbroadcast(grad_out / y, y)


@mistake(
    "true_divide_back1",
    zh="这是乘法的规则：除法的斜率是 $-x/y^2$。",
    en="This is the rule of multiplication: the slope of division is $-x/y^2$.",
)
def rule_of_multiplication(grad_out, out, x, y):
    return unbroadcast(grad_out * x, y)


@mistake(
    "true_divide_back1",
    zh="`out` 已经除过一次 `y`，只要再除一次。",
    en="`out` was divided by `y` already: divide by it only once more.",
)
def divided_too_often(grad_out, out, x, y):
    return unbroadcast(-grad_out * out / y**2, y)


@mistake(
    "true_divide_back1",
    zh="$-x/y^2$ 算成了 $-\\text{out}^2/x$：`x` 是 0 时成了 NaN。",
    en="For $-x/y^2$ it takes $-\\text{out}^2/x$, which is NaN where `x` is 0.",
)
def square_of_out(grad_out, out, x, y):
    with np.errstate(all="ignore"):
        return unbroadcast(-grad_out * out**2 / x, y)


@mistake(
    "true_divide_back1",
    zh="撤销广播太早：先乘上自己的斜率，再求和。",
    en="Broadcasting is undone too early: multiply by the slope first, then sum.",
)
def quotient_undone_too_early(grad_out, out, x, y):
    return unbroadcast(grad_out, y) * (-x / y**2)


@mistake(
    "maximum_back0",
    zh="撤销广播太早：先乘上 1、0 或一半，再求和。",
    en="Broadcasting is undone too early: multiply by 1, 0 or a half first, then sum.",
)
def maximum_undone_too_early(grad_out, out, x, y):
    share = (np.greater(x, y) + np.greater_equal(x, y).astype(grad_out.dtype)) / 2
    return unbroadcast(grad_out, x) * share.astype(grad_out.dtype)


@mistake(
    "maximum_back0",
    zh="差一点的也当作相等（`isclose`）：只有真正相等的才各一半。",
    en="What is nearly equal counts as equal (`isclose`): only real equals share by halves.",
)
def nearly_equal(grad_out, out, x, y):
    equal = np.isclose(x, y)
    share = np.where(equal, 0.5, (np.asarray(x) > y) & ~equal)
    return unbroadcast(grad_out * share.astype(grad_out.dtype), x)


@mistake(
    "maximum_back0", zh="相等的地方送了全部，应当一半。", en="Where they are equal, all is sent: it should be half."
)
def all_to_equals(grad_out, out, x, y):
    return unbroadcast(grad_out * (x >= y), x)


@mistake("maximum_back0", zh="相等的地方送了 0，应当一半。", en="Where they are equal, 0 is sent: it should be half.")
def nothing_to_equals(grad_out, out, x, y):
    return unbroadcast(grad_out * (x > y), x)


@mistake(
    "maximum_back0", zh="送给了小的那个，应当送给大的。", en="It is sent to the smaller: it should go to the larger."
)
def to_the_smaller(grad_out, out, x, y):
    return solutions.maximum_back0(grad_out, out, -np.asarray(x), -np.asarray(y))


@mistake("maximum_back0", zh="不论大小都原样送回了。", en="It goes back unchanged, whichever is larger.")
def always_all(grad_out, out, x, y):
    return unbroadcast(grad_out, x)


@mistake(
    "maximum_back0",
    zh="不论大小都送了一半：只有相等的地方才各一半。",
    en="Half is sent whichever is larger: only equals share by halves.",
)
def always_half(grad_out, out, x, y):
    return unbroadcast(grad_out * grad_out.dtype.type(0.5), x)


@mistake("maximum_back0", zh="与 0 比较了，应当与 `y` 比。", en="It compares with 0: compare with `y`.")
def against_zero(grad_out, out, x, y):
    return solutions.maximum_back0(grad_out, out, x, np.zeros_like(y))


@mistake(
    "maximum_back0",
    zh="乘上了 `out`：最大值的斜率是 1 或 0。",
    en="It multiplies by `out`: the slope of a maximum is 1 or 0.",
)
def times_the_maximum(grad_out, out, x, y):
    return solutions.maximum_back0(grad_out * out, out, x, y)


@mistake("relu", zh="返回的是数组，应当是 `Tensor`。", en="It returns an array, where a `Tensor` is wanted.")
def relu_of_array(x):
    return np.maximum(x.array, 0)


@mistake(
    "relu",
    zh="直接用数组造了新的 `Tensor`，没有配方：与 `x` 断开了，没有梯度。",
    en="It makes a new `Tensor` of an array, without a recipe: it is cut off from `x`, and there is no gradient.",
)
def relu_cut_off(x):
    return Tensor(np.maximum(x.array, 0))


@mistake(
    "relu",
    zh="新造的 `Tensor` 要求梯度，却没有配方：它是一片新叶子，斜率到不了 `x`。",
    en="The new `Tensor` wants a gradient but has no recipe: it is a new leaf, and slopes don't reach `x`.",
)
def relu_new_leaf(x):
    return Tensor(np.maximum(x.array, 0), requires_grad=x.requires_grad)


@mistake("relu", zh="取了小的那个，应当取大的。", en="It takes the smaller of the two: take the larger.")
def relu_minimum(x):
    return -solutions.maximum(-x, 0.0)


@mistake("relu", zh="负的只是缩小了，应当变成 0。", en="Negative numbers are only made smaller: they should become 0.")
def relu_leaky(x):
    return solutions.maximum(x, x * 0.01)


@mistake("relu", zh="这是绝对值：负的应当变成 0。", en="This is the absolute value: negative numbers should become 0.")
def relu_absolute(x):
    return solutions.maximum(x, -x)


@mistake(
    "relu",
    zh="一部分是从数组算出来的，引擎看不见：斜率处处是一半。",
    en="A part of it is computed on arrays, which the engine doesn't see: the slope is one half everywhere.",
)
def relu_half_seen(x):
    return (x + np.abs(x.array)) * 0.5


@mistake("relu", zh="与 1 比较了，应当与 0 比。", en="It compares with 1: compare with 0.")
def relu_at_one(x):
    return solutions.maximum(x, 1.0)


@mistake("relu", zh="改动了 `x` 的数组。", en="It changes the array of `x`.")
def relu_in_place(x):
    out = solutions.maximum(x, 0.0)
    x.array = np.maximum(x.array, 0)
    return out


@mistake(
    "relu", zh="结果是 `float64`：类型应与 `x` 相同。", en="The result is `float64`: it should have the dtype of `x`."
)
def relu_wide(x):
    return solutions.maximum(x, np.zeros_like(x.array, dtype=np.float64))


@mistake(
    "relu",
    zh="前向对，斜率却处处是 1：负的地方应当是 0。",
    en="The values are right, but the slope is 1 everywhere: where `x` is negative it should be 0.",
)
def relu_straight_through(x):
    return x + (np.maximum(x.array, 0) - x.array)


@mistake("relu", zh="什么也没做，原样返回了 `x`。", en="It does nothing and returns `x` itself.")
def relu_identity(x):
    return x


# Matrix multiplication


@mistake(
    "matmul2d_back0",
    zh="没有转置 `y`：形状就合不上（正方形时悄悄地错）。",
    en="`y` isn't transposed: the shapes don't fit (and for squares it is silently wrong).",
)
def y_not_transposed(grad_out, out, x, y):
    return grad_out @ y


@mistake(
    "matmul2d_back0",
    zh="左右反了：应当是 `grad_out @ y.T`。",
    en="Left and right are reversed: it should be `grad_out @ y.T`.",
)
def y_on_the_left(grad_out, out, x, y):
    return y.T @ grad_out


@mistake(
    "matmul2d_back0",
    zh="乘的是 `y` 的逆（或伪逆）：往回走不是把乘法撤销，乘的是转置。",
    en="It multiplies by the inverse of `y` (or the pseudo-inverse): the way back doesn't undo the product; multiply by the transpose.",
)
def y_inverted(grad_out, out, x, y):
    return grad_out @ np.linalg.pinv(y)


@mistake(
    "matmul2d_back0",
    zh="只把 `y` 排成了转置的形状（`reshape`）：数的位置不对，用 `.T`。",
    en="`y` is only given the transposed shape by `reshape`: the numbers are in other places; use `.T`.",
)
def y_reshaped(grad_out, out, x, y):
    return grad_out @ y.reshape(y.shape[::-1])


@mistake("matmul2d_back0", zh="这是右边（对 `y`）的规则。", en="This is the rule for the right, that is for `y`.")
def rule_of_the_right(grad_out, out, x, y):
    return x.T @ grad_out


@mistake(
    "matmul2d_back0",
    zh="结果转置了：形状应与 `x` 相同。",
    en="The result is transposed: it should have the shape of `x`.",
)
def left_transposed(grad_out, out, x, y):
    return y @ grad_out.T


@mistake(
    "matmul2d_back0",
    zh="用的是 `out`，应当用送来的 `grad_out`。",
    en="It uses `out`, where `grad_out`, which arrived, is needed.",
)
def left_by_out(grad_out, out, x, y):
    return out @ y.T


@mistake(
    "matmul2d_back0",
    zh="乘上了 `x`：矩阵乘法的规则只用另一个矩阵。",
    en="It multiplies by `x`, too: the rule of a matrix product uses only the other matrix.",
)
def left_times_x(grad_out, out, x, y):
    return (grad_out @ y.T) * x


@mistake(
    "matmul2d_back1",
    zh="没有转置 `x`：形状就合不上（正方形时悄悄地错）。",
    en="`x` isn't transposed: the shapes don't fit (and for squares it is silently wrong).",
)
def x_not_transposed(grad_out, out, x, y):
    return x @ grad_out


@mistake(
    "matmul2d_back1",
    zh="左右反了：应当是 `x.T @ grad_out`。",
    en="Left and right are reversed: it should be `x.T @ grad_out`.",
)
def x_on_the_right(grad_out, out, x, y):
    return grad_out @ x.T


@mistake(
    "matmul2d_back1",
    zh="只把 `x` 排成了转置的形状（`reshape`）：数的位置不对，用 `.T`。",
    en="`x` is only given the transposed shape by `reshape`: the numbers are in other places; use `.T`.",
)
def x_reshaped(grad_out, out, x, y):
    return x.reshape(x.shape[::-1]) @ grad_out


@mistake("matmul2d_back1", zh="只用了第一行：各行都要加起来。", en="It uses the first row only: add over all rows.")
def first_row_only(grad_out, out, x, y):
    return np.outer(x[0], grad_out[0])


@mistake("matmul2d_back1", zh="这是左边（对 `x`）的规则。", en="This is the rule for the left, that is for `x`.")
def rule_of_the_left(grad_out, out, x, y):
    return grad_out @ y.T


@mistake(
    "matmul2d_back1",
    zh="结果转置了：形状应与 `y` 相同。",
    en="The result is transposed: it should have the shape of `y`.",
)
def right_transposed(grad_out, out, x, y):
    return grad_out.T @ x


@mistake(
    "matmul2d_back1",
    zh="用的是 `out`，应当用送来的 `grad_out`。",
    en="It uses `out`, where `grad_out`, which arrived, is needed.",
)
def right_by_out(grad_out, out, x, y):
    return x.T @ out


@mistake("matmul2d_back1", zh="对批求了平均：应当相加。", en="It takes the mean over the rows: they should be added.")
def mean_over_rows(grad_out, out, x, y):
    return x.T @ grad_out / np.asarray(max(len(x), 1), dtype=x.dtype)


@mistake(
    "matmul_back0",
    zh="`.T` 把所有的轴都倒过来了：只要交换最后两个。",
    en="`.T` reverses all axes: only the last two should change places.",
)
def all_axes_reversed(grad_out, out, x, y):
    return unbroadcast(grad_out @ y.T, x)


@mistake(
    "matmul_back0",
    zh="批的轴没有加回去：形状应与 `x` 相同。",
    en="Batch axes aren't summed: the result must have the shape of `x`.",
)
def batch_not_summed(grad_out, out, x, y):
    return grad_out @ y.swapaxes(-1, -2)


@mistake(
    "matmul_back0", zh="批的轴取了平均，应当求和。", en="The mean is taken over batch axes: they should be summed."
)
def batch_mean(grad_out, out, x, y):
    return mean_of_copies(grad_out @ y.swapaxes(-1, -2), x)


@mistake("matmul_back0", zh="没有转置 `y` 的最后两个轴。", en="The last two axes of `y` aren't transposed.")
def batch_not_transposed(grad_out, out, x, y):
    return unbroadcast(grad_out @ y, x)


@mistake(
    "matmul_back0",
    zh="只会一个批的轴：批的轴可以没有，也可以有几个，还可能被广播过。",
    en="It knows a single batch axis only: there may be none or several, and they may have been broadcast.",
)
def one_batch_axis(grad_out, out, x, y):
    if y.ndim == 2:
        return grad_out @ y.T
    slope = np.einsum("bnm, bkm -> bnk", grad_out, y)
    return slope if x.ndim == 3 else slope.sum(axis=0)


@mistake(
    "matmul_back0",
    zh="只把 `y` 的最后两个轴 `reshape` 成对调的形状：数的位置不对，用 `swapaxes`。",
    en="The last two axes of `y` only get their lengths exchanged by `reshape`: the numbers are in other places; use `swapaxes`.",
)
def batch_reshaped(grad_out, out, x, y):
    return unbroadcast(grad_out @ y.reshape(*y.shape[:-2], y.shape[-1], y.shape[-2]), x)


@mistake("matmul_back0", zh="左右反了。", en="Left and right are reversed.")
def batch_on_the_left(grad_out, out, x, y):
    return unbroadcast(y.swapaxes(-1, -2) @ grad_out, x)


@mistake(
    "matmul_back0",
    zh="只取了批里的第一份，应当加起来。",
    en="Only the first of the batch is taken: all should be added.",
)
def first_of_batch(grad_out, out, x, y):
    return first_of_copies(grad_out @ y.swapaxes(-1, -2), x)


@mistake(
    "matmul_back0",
    zh="左边多出来的批轴加掉了，长度为 1 被拉长的没有。",
    en="New batch axes on the left are summed, but not those of length 1 that were stretched.",
)
def batch_stretched_kept(grad_out, out, x, y):
    return only_new_axes(grad_out @ y.swapaxes(-1, -2), x)


@mistake(
    "matmul_back0",
    zh="批的轴总是全部求和：`x` 自己也有批时，要留着。",
    en="All batch axes are always summed: where `x` has a batch of its own, that stays.",
)
def batch_always_summed(grad_out, out, x, y):
    slope = grad_out @ y.swapaxes(-1, -2)
    return slope.sum(axis=tuple(range(slope.ndim - 2)))


# In place


def added(x, other, alpha):
    return (alpha * (other.array if isinstance(other, Tensor) else np.asarray(other))).astype(x.array.dtype)


def forbidden(x):
    if Tensor.tracking and x.requires_grad:
        raise RuntimeError("x wants a gradient")


@mistake("add_", zh="不是就地：`x.array` 换成了新的数组。", en="It isn't in place: `x.array` becomes another array.")
def new_array(x, other, alpha=1):
    forbidden(x)
    x.array = x.array + added(x, other, alpha)
    return x


@mistake("add_", zh="`alpha` 没有用上。", en="`alpha` isn't used.")
def no_alpha(x, other, alpha=1):
    forbidden(x)
    x.array += added(x, other, 1)
    return x


@mistake("add_", zh="`alpha` 乘到了 `x` 上，应当乘 `other`。", en="`alpha` multiplies `x`: it should multiply `other`.")
def alpha_on_x(x, other, alpha=1):
    forbidden(x)
    x.array[...] = alpha * x.array + added(x, other, 1)
    return x


@mistake("add_", zh="没有返回 `x`。", en="It doesn't return `x`.")
def returns_none(x, other, alpha=1):
    solutions.add_(x, other, alpha)


@mistake("add_", zh="返回的是新的 `Tensor`，`x` 没有变。", en="It returns a new `Tensor`, and `x` is as before.")
def new_tensor(x, other, alpha=1):
    forbidden(x)
    return Tensor(x.array + added(x, other, alpha), x.requires_grad)


@mistake("add_", zh="返回的是数组，应当返回 `x` 本身。", en="It returns the array: return `x` itself.")
def returns_the_array(x, other, alpha=1):
    return solutions.add_(x, other, alpha).array


@mistake(
    "add_",
    zh="该报错时没有报错：`x` 要求梯度而 `Tensor.tracking` 是 `True`。",
    en="There is no error where there should be one: `x` wants a gradient, and `Tensor.tracking` is `True`.",
)
def no_error(x, other, alpha=1):
    x.array += added(x, other, alpha)
    return x


@mistake(
    "add_",
    zh="`x` 要求梯度就报错，没有看 `Tensor.tracking`。",
    en="It raises wherever `x` wants a gradient, whatever `Tensor.tracking` is.",
)
def error_always(x, other, alpha=1):
    if x.requires_grad:
        raise RuntimeError("x wants a gradient")
    x.array += added(x, other, alpha)
    return x


@mistake(
    "add_",
    zh="先改动，后报错：报错时什么也不该变。",
    en="It changes `x` before it raises: where there is an error nothing should change.",
)
def changed_before_the_error(x, other, alpha=1):
    x.array += added(x, other, alpha)
    forbidden(x)
    return x


@mistake(
    "add_",
    zh="`x` 是算出来的、要求梯度时没有报错：不只是叶子。",
    en="There is no error where `x` was computed and wants a gradient: the rule isn't for leaves only.",
)
def leaves_only(x, other, alpha=1):
    if x.recipe is None:
        forbidden(x)
    x.array += added(x, other, alpha)
    return x


@mistake(
    "add_",
    zh="`x` 的配方被去掉了：它应当留下。",
    en="The recipe of `x` is taken away: it should stay.",
)
def recipe_dropped(x, other, alpha=1):
    solutions.add_(x, other, alpha)
    x.recipe = None
    return x


@mistake("add_", zh="报的不是 `RuntimeError`。", en="It raises something other than `RuntimeError`.")
def value_error(x, other, alpha=1):
    if Tensor.tracking and x.requires_grad:
        raise ValueError("x wants a gradient")
    return solutions.add_(x, other, alpha)


@mistake("add_", zh="减了，应当加。", en="It subtracts: it should add.")
def subtracts(x, other, alpha=1):
    return solutions.add_(x, other, -alpha)


@mistake(
    "add_",
    zh="`other` 不是 `Tensor` 时报了错：它也可能是数组或数。",
    en="It fails where `other` is no `Tensor`: it may be an array or a number, too.",
)
def other_must_be_a_tensor(x, other, alpha=1):
    forbidden(x)
    x.array += alpha * other.array
    return x


@mistake(
    "add_",
    zh="`other` 要求梯度时报了错：要看的是 `x`。",
    en="It raises where `other` wants a gradient: it is `x` that matters.",
)
def looks_at_other(x, other, alpha=1):
    if Tensor.tracking and isinstance(other, Tensor) and other.requires_grad:
        raise RuntimeError("other wants a gradient")
    return solutions.add_(x, other, alpha)


@mistake("add_", zh="`other` 被改动了。", en="`other` is changed.")
def changes_other(x, other, alpha=1):
    solutions.add_(x, other, alpha)
    if isinstance(other, Tensor):
        other.array *= alpha
        other.array += 1
    return x


@mistake(
    "add_",
    zh="写了配方：就地改动不该记进图里。",
    en="It writes a recipe: a change in place shouldn't be noted in the graph.",
)
def writes_a_recipe(x, other, alpha=1):
    solutions.add_(x, other, alpha)
    x.recipe = Recipe(np.add, (x.array, added(x, other, alpha)), {}, {})
    return x


@mistake("add_", zh="清掉了 `x.grad`：清零是另一回事。", en="It clears `x.grad`: that is another matter.")
def clears_the_grad(x, other, alpha=1):
    x.grad = None
    return solutions.add_(x, other, alpha)


@mistake(
    "add_",
    zh="用切片 `x.array[:]` 写：没有轴的数组不能切片；用 `x.array += …` 或 `x.array[...]`。",
    en="It writes through a slice, `x.array[:]`: an array without axes has none; use `x.array += …` or `x.array[...]`.",
)
def by_a_slice(x, other, alpha=1):
    forbidden(x)
    x.array[:] += added(x, other, alpha)
    return x


@mistake(
    "add_",
    zh="`alpha` 就地乘进了 `other`：`other` 应当不变。",
    en="`alpha` is multiplied into `other` in place: `other` should stay unchanged.",
)
def scales_other(x, other, alpha=1):
    forbidden(x)
    step = other.array if isinstance(other, Tensor) else np.asarray(other, dtype=x.array.dtype)
    step *= alpha
    x.array += step
    return x
