"""What is certain of how two arrays differ: the transpose, a constant factor, another order; a sentence, or nothing."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from coach.words import say

CLOSE = 1e-3  # relative error within which two values count as the same
LARGE = 100_000  # elements from which on no order is looked for


def difference(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    """Of two arrays of one shape, which differ where `wrong` is true."""
    if got.size < 2 or got.dtype.kind not in "iuf" or expected.dtype.kind not in "iuf":
        return ""
    floats = {got.dtype.kind, expected.dtype.kind} == {"f"}
    got, expected = got.astype(float), expected.astype(float)
    with np.errstate(all="ignore"):
        if _equal(got, expected):  # nothing that is looked for below would be the cause
            return _of_digits(got, expected) if floats else ""
        return next(filter(None, (look(got, expected, wrong) for look in LOOKS)), "")


def reshaped(got: np.ndarray, expected: np.ndarray) -> str:
    """Of two arrays of different shapes."""
    if got.size != expected.size or not {got.dtype.kind, expected.dtype.kind} <= set("biuf"):
        return ""
    for axes in itertools.permutations(range(expected.ndim)) if 1 < expected.ndim < 5 else ():
        if _equal(got, expected.transpose(axes)):
            return _of_axes(axes)
    if got.ndim != expected.ndim and _equal(got.reshape(-1), expected.reshape(-1)):
        if got.squeeze().shape == expected.squeeze().shape:
            return say(
                zh="值都对，只是多了或少了长度为 1 的轴",
                en="the values are right; an axis of length 1 is missing, or too many",
            )
        return say(zh="值和顺序都对，只是形状不对", en="the values are right and in order; only the shape is another")
    return ""


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape:
        return False
    size = np.abs(b[np.isfinite(b)]).max(initial=0.0)
    return bool(np.allclose(a, b, rtol=CLOSE, atol=1e-6 * min(1.0, size), equal_nan=True))


def _of_digits(got: np.ndarray, expected: np.ndarray) -> str:
    if not np.allclose(got, expected, rtol=CLOSE, atol=0.0, equal_nan=True):
        return ""  # some are too near 0 to say so
    return say(
        zh="前三位数字都对，后面的不够准", en="the first three digits are right, later ones are not exact enough"
    )


def _of_axes(axes: tuple[int, ...]) -> str:
    if len(axes) == 2:
        return say(zh="这正是应有结果的转置", en="it is exactly the transpose of what is expected")
    order = ", ".join(map(str, axes))
    return say(
        zh=f"值都对，轴的顺序却成了 ({order})", en=f"the values are right, with their axes in the order ({order})"
    )


def _transposed(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    for axes in itertools.permutations(range(got.ndim)) if 1 < got.ndim < 5 else ():
        if axes != tuple(range(got.ndim)) and _equal(got, expected.transpose(axes)):
            return _of_axes(axes)
    return ""


def _factor(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    """Told where it can't be chance: at least two different elements, and zeros where zeros belong."""
    told = expected != 0
    if len(np.unique(expected[told])) < 2 or not np.isfinite(got).all() or not np.isfinite(expected).all():
        return ""
    factor = float(np.median(got[told] / expected[told]))
    if factor in (0.0, 1.0) or not np.allclose(got, factor * expected, rtol=1e-3, atol=1e-6 * abs(factor)):
        return ""
    if abs(factor + 1) < 1e-6:
        return say(zh="每个元素的符号都反了", en="the sign of every element is reversed")
    return say(zh=f"每个元素都是应有值的 {factor:.4g} 倍", en=f"every element is {factor:.4g} times what is expected")


def _offset(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    if len(np.unique(expected)) < 2 or not np.isfinite(got).all() or not np.isfinite(expected).all():
        return ""
    offset = float(np.median(got - expected))
    spread = float(np.ptp(expected))
    if abs(offset) < 1e-3 * spread or not np.allclose(got - expected, offset, rtol=1e-3, atol=1e-4 * spread):
        return ""
    zh = f"每个元素都{'多' if offset > 0 else '少'}了 {abs(offset):.4g}"
    return say(zh=zh, en=f"every element is {abs(offset):.4g} too {'large' if offset > 0 else 'small'}")


def _reordered(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    if got.size > LARGE or len(np.unique(expected)) < 3 or not _equal(np.sort(got, None), np.sort(expected, None)):
        return ""
    for axis in range(got.ndim):
        if _equal(np.flip(got, axis), expected):
            return say(zh=f"沿第 {axis} 轴正好倒过来了", en=f"along axis {axis} it is exactly reversed")
        if _shift(got, expected, axis):
            return say(zh=f"沿第 {axis} 轴整体错开了", en=f"along axis {axis} all is shifted, and wraps round")
    return say(zh="值都对，顺序不对", en="the values are right, in another order")


def _shift(got: np.ndarray, expected: np.ndarray, axis: int) -> bool:
    length = got.shape[axis]
    return any(_equal(np.roll(got, n, axis), expected) for n in {1, -1, 2, -2} if abs(n) < length)


def _function_of(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    """The square, the root, the exponential, the logarithm or the reciprocal of what is expected."""
    if len(np.unique(expected)) < 3:
        return ""
    for function, zh, en in _functions():
        if _equal(got, function(expected)) and np.isfinite(got).all():
            return say(zh=f"每个元素都是应有值的{zh}", en=f"every element is the {en} of what is expected")
    return ""


def _functions() -> Iterator[tuple[Callable, str, str]]:
    yield np.square, "平方", "square"
    yield np.sqrt, "平方根", "square root"
    yield np.exp, "指数", "exponential"
    yield np.log, "对数", "logarithm"
    yield np.reciprocal, "倒数", "reciprocal"
    yield np.abs, "绝对值", "absolute value"


def _one_slice(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray) -> str:
    """All that is wrong lies at one index of an axis, while most of the rest is right."""
    for axis, length in enumerate(got.shape):
        others = tuple(i for i in range(got.ndim) if i != axis)
        at = np.flatnonzero(wrong.any(axis=others))
        if length > 2 and len(at) == 1 and wrong.sum() > 1:
            zh, en = f"只有第 {axis} 轴上下标 {at[0]} 处有错", f"only index {at[0]} of axis {axis} is wrong"
            return say(zh=zh, en=f"{en}: the last one" if at[0] == length - 1 else en)
    return ""


LOOKS = (_transposed, _factor, _offset, _function_of, _reordered, _one_slice)
