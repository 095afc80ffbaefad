"""What a test says: `close`, `holds`, `raises`; and values written briefly enough for a verdict."""

import cmath
import math
import numbers
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

import numpy as np

from coach.judging.noticed import difference, reshaped
from coach.words import say

SHOWN = 12  # a tensor of up to so many elements is shown whole
DIGITS = 60  # an integer of up to so many is


class Wrong(AssertionError):
    """A test's complaint. `got` is the value itself, so that the judge can tell which call returned it.

    `noticed` is what is certain of how it differs from what is expected, in a sentence.
    """

    def __init__(self, why: str, *, expected: str = "", shown: str = "", got: Any = None, noticed: str = "") -> None:
        super().__init__(why)
        self.why, self.expected, self.shown, self.got, self.noticed = why, expected, shown, got, noticed


# While one listens, a test compares nothing: what it would have looked at is noted, and the test goes on to its end.
OBSERVERS: list[Callable[[str, Any], None]] = []
AWAITED: list[bool] = []  # one for each error that the test is waiting for just now


def is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")  # where torch was never imported, nothing is a tensor
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value: Any) -> bool:
    return is_tensor(value) or isinstance(value, np.ndarray)


def number(value: Any) -> str:
    """A number in at most four significant digits: what differs only by rounding reads the same."""
    if isinstance(value, bool | np.bool_ | str):
        return str(value)
    if isinstance(value, numbers.Integral):
        value = int(value)
        return str(value) if abs(value) < 10**DIGITS else f"{Decimal(value):.4g}"
    if isinstance(value, numbers.Real):
        value = float(value) + 0.0  # no -0
        return f"{0.0 if abs(value) < 1e-12 else value:.4g}"
    return f"{value:.4g}"


def told_apart(a: Any, b: Any) -> tuple[str, str]:
    """Both numbers as `number` writes them, with more digits where they would read the same; all else as `brief` does."""
    if not all(isinstance(x, numbers.Number | np.bool_ | str) for x in (a, b)):
        return brief(a), brief(b)
    if number(a) != number(b) or not all(isinstance(x, numbers.Complex) for x in (a, b)):
        return number(a), number(b)
    a, b = (float(x) if isinstance(x, numbers.Real) else x for x in (a, b))
    return next(((x, y) for n in range(5, 18) if (x := f"{a:.{n}g}") != (y := f"{b:.{n}g}")), (str(a), str(b)))


def dtype_name(value: Any) -> str:
    return str(value.dtype).removeprefix("torch.")


def brief(value: Any) -> str:
    """`value` in a few words, the same for equal values in every process: no addresses.

    The name of its type alone where it can't be shown: an object that was half made, a list that holds itself.
    """
    try:
        return _brief(value)
    except Exception:
        return type(value).__name__


def _brief(value: Any) -> str:
    if is_array(value):
        kind = dtype_name(value) + ("" if is_tensor(value) else " array")
        if math.prod(value.shape) > SHOWN:
            return f"<{kind} {shape_of(value)}>"
        text = _nested(value.tolist())
        return text if kind in ("float32", "int64", "bool") else f"{text} {kind}"
    if isinstance(value, bool | str | None.__class__):
        return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    if isinstance(value, numbers.Number):
        text = number(value)
        return f"{text}.0" if isinstance(value, float) and text.lstrip("-").isdigit() else text
    if isinstance(value, list | tuple):
        inner = [_brief(v) for v in value[:SHOWN]] + ["..."] * (len(value) > SHOWN)
        return ("[{}]" if isinstance(value, list) else "({})").format(", ".join(inner))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_brief(k)}: {_brief(v)}" for k, v in list(value.items())[:SHOWN]) + "}"
    if callable(value) and hasattr(value, "__name__"):
        return "a function" if value.__name__ == "<lambda>" else value.__name__
    text = _repr(value)
    return type(value).__name__ if " at 0x" in text or len(text) > 80 or "\n" in text else text


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # whatever the learner's own raises: what holds the value can be shown all the same
        return type(value).__name__


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_nested, value)) + "]"
    return number(value) if isinstance(value, numbers.Number | str) else _brief(value)


def words_of(error: BaseException) -> str:
    """What an error says; nothing where the learner's own `__str__` fails."""
    try:
        return str(error)
    except Exception:
        return ""


def shape_of(value: Any) -> str:
    shape = tuple(int(n) for n in value.shape)
    return f"({shape[0]},)" if len(shape) == 1 else str(shape)


def kind_of(value: Any) -> str:
    """Type, dtype and shape, as far as there are any."""
    if is_tensor(value):
        return f"{dtype_name(value)} tensor {shape_of(value)}"
    if isinstance(value, np.ndarray):
        return f"{dtype_name(value)} array {shape_of(value)}"
    return type(value).__name__


def fail(expected: Any, got: Any, why: str, whole: Any = None, *, kinds: bool = False, noticed: str = "") -> NoReturn:
    form = kind_of if kinds else brief
    wanted, shown = form(expected), form(got)
    if wanted == shown:  # two large tensors, say: it would tell nothing
        wanted = shown = ""
    raise Wrong(why, expected=wanted, shown=shown, got=got if whole is None else whole, noticed=noticed)


def plain(value: Any) -> Any:
    """The Python number that a NumPy scalar or a tensor without axes is; all else as it is."""
    if isinstance(value, np.generic) or (is_array(value) and value.ndim == 0):
        return value.item()
    return value


def close(got: Any, expected: Any, *, rtol: float = 1e-4, atol: float = 1e-5, equal_nan: bool = False) -> None:
    """Raises `Wrong` unless `got` is `expected`: type, shape and dtype, then every element up to the tolerances.

    Goes into lists, tuples and mappings. What means the same is accepted: a tuple for a list; where a number is
    expected, a tensor without axes, a NumPy scalar, or an int for a float. Infinities equal themselves; NaN only under
    `equal_nan`.
    """
    if OBSERVERS:
        OBSERVERS[-1]("close", got)
        return
    _compare(got, expected, "", got, {"rtol": rtol, "atol": atol, "equal_nan": equal_nan})


def _compare(got: Any, expected: Any, place: str, whole: Any, tolerance: dict[str, Any]) -> None:
    at = say(zh=f"位置 {place}：", en=f"at {place}: ") if place else ""
    if got is None and expected is not None:
        why = say(zh="返回了 `None`：是不是少了 `return`？", en="it returned `None`: is a `return` missing?")
        fail(expected, got, at + why, whole)
    elif is_array(expected):
        _compare_arrays(got, expected, place, at, whole, tolerance)
    elif isinstance(expected, list | tuple):
        _compare_sequences(got, expected, place, at, whole, tolerance)
    elif isinstance(expected, Mapping):
        _compare_mappings(got, expected, place, at, whole, tolerance)
    else:
        _compare_scalars(got, expected, at, whole, tolerance)


def _compare_sequences(got: Any, expected: Any, place: str, at: str, whole: Any, tolerance: dict[str, Any]) -> None:
    _same_kind(got, expected, (list, tuple), at, whole)
    if len(got) != len(expected):
        fail(expected, got, at + say(zh="长度不同", en="the lengths differ"), whole)
    for i, (g, e) in enumerate(zip(got, expected, strict=True)):
        _compare(g, e, f"{place}[{i}]", whole, tolerance)


def _compare_mappings(got: Any, expected: Any, place: str, at: str, whole: Any, tolerance: dict[str, Any]) -> None:
    _same_kind(got, expected, Mapping, at, whole)
    if set(got) != set(expected):
        fail(list(expected), list(got), at + say(zh="键不同", en="the keys differ"), whole)
    for key in expected:
        _compare(got[key], expected[key], f"{place}[{key!r}]", whole, tolerance)


def _same_kind(got: Any, expected: Any, kind: type | tuple[type, ...], at: str, whole: Any) -> None:
    if not isinstance(got, kind):
        fail(expected, got, at + say(zh="类型不同", en="the types differ"), whole, kinds=True)


def _compare_scalars(got: Any, expected: Any, at: str, whole: Any, tolerance: dict[str, Any]) -> None:
    got, expected = plain(got), plain(expected)
    real = isinstance(expected, float)
    right = isinstance(got, numbers.Real) and not isinstance(got, bool) if real else isinstance(got, type(expected))
    if not right or (isinstance(got, bool) and not isinstance(expected, bool)):
        fail(expected, got, at + say(zh="类型不同", en="the types differ"), whole, kinds=True)
    inexact = isinstance(expected, float | complex)
    if not (_near(got, expected, **tolerance) if inexact else got == expected):
        shown, wanted = told_apart(got, expected) if inexact else (brief(got), brief(expected))
        raise Wrong(at + say(zh="值不同", en="the values differ"), expected=wanted, shown=shown, got=whole)


def _near(got: Any, expected: float | complex, *, rtol: float, atol: float, equal_nan: bool) -> bool:
    try:
        if cmath.isnan(expected):
            return equal_nan and cmath.isnan(got)
        return cmath.isclose(got, expected, rel_tol=rtol, abs_tol=atol)
    except OverflowError:  # an integer beyond every float
        return False


def _compare_arrays(got: Any, expected: Any, place: str, at: str, whole: Any, tolerance: dict[str, Any]) -> None:
    _same_kind(got, expected, type(expected) if isinstance(expected, np.ndarray) else _tensor_type(), at, whole)
    if tuple(got.shape) != tuple(expected.shape):
        noticed = reshaped(_numpy(got), _numpy(expected))
        fail(expected, got, at + say(zh="形状不同", en="the shapes differ"), whole, kinds=True, noticed=noticed)
    if got.dtype != expected.dtype:
        fail(expected, got, at + say(zh="dtype 不同", en="the dtypes differ"), whole, kinds=True)
    g, e = _numpy(got), _numpy(expected)
    if g.dtype.kind == "O":
        for index in np.ndindex(g.shape):
            _compare(g[index], e[index], place + "".join(f"[{i}]" for i in index), whole, tolerance)
        return
    if g.dtype.kind in "fc":
        with np.errstate(invalid="ignore"):
            wrong = ~np.isclose(g, e, **tolerance)
    else:
        wrong = g != e
    if not (count := int(wrong.sum())):
        return
    index = np.unravel_index(int(wrong.argmax()), wrong.shape)
    g0, e0 = told_apart(g[index].item(), e[index].item())
    where = "[" + ", ".join(str(int(i)) for i in index) + "]" if index else ""
    noticed = difference(g, e, wrong)
    zh = (
        f"在 {where} 处应为 {e0}，得到 {g0}（{wrong.size} 个元素中有 {count} 个不同）"
        if where
        else f"应为 {e0}，得到 {g0}"
    )
    en = f"at {where} expected {e0}, got {g0} ({count} of {wrong.size} differ)" if where else f"expected {e0}, got {g0}"
    fail(expected, got, at + say(zh=zh, en=en), whole, noticed=noticed)


def _tensor_type() -> type:
    return sys.modules["torch"].Tensor


def _numpy(value: Any) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return value
    value = value.detach().cpu().resolve_conj().resolve_neg()
    return (value.float() if dtype_name(value) == "bfloat16" else value).numpy()


def holds(condition: Any, *, zh: str, en: str) -> None:
    """Raises `Wrong` unless `condition` is true; `zh` and `en` say what is wrong then."""
    if OBSERVERS:
        OBSERVERS[-1]("holds", bool(condition))
        return
    if not bool(condition):
        raise Wrong(say(zh=zh, en=en))


def _observed(function: Callable, args: tuple, kwargs: dict[str, Any], words: bool | str) -> None:
    AWAITED.append(True)
    try:
        OBSERVERS[-1]("raises", function(*args, **kwargs))
    except Exception as raised:
        OBSERVERS[-1]("raises", raised)
        OBSERVERS[-1]("words", not words or (bool(words_of(raised)) if words is True else words in words_of(raised)))
    finally:
        AWAITED.pop()


def raises(error: type[Exception], function: Callable, *args: Any, words: bool | str = False, **kwargs: Any) -> None:
    """Raises `Wrong` unless `function(*args, **kwargs)` raises `error`.

    `words`, where the text asks for a message: True for any, else what it must contain.
    """
    wanted = error.__name__
    if OBSERVERS:
        _observed(function, args, kwargs, words)
        return
    try:
        got = function(*args, **kwargs)
    except (NotImplementedError, Wrong):
        raise
    except error as raised:
        if words and not words_of(raised):
            why = say(zh=f"`{wanted}` 没有写明原因", en=f"its `{wanted}` says nothing of what is wrong")
            raise Wrong(why, expected=wanted, shown=type(raised).__name__) from raised
        if isinstance(words, str) and words not in words_of(raised):
            why = say(zh=f"报错的话里没有 `{words}`", en=f"the words of its error do not name `{words}`")
            raise Wrong(why, expected=wanted, shown=f"{type(raised).__name__}: {words_of(raised)}") from raised
        return
    except Exception as raised:
        kind = type(raised).__name__
        zh, en = f"报了错，但应当是 `{wanted}`，不是 `{kind}`", f"it raises `{kind}`, where `{wanted}` is wanted"
        raise Wrong(say(zh=zh, en=en), expected=wanted, shown=f"{kind}: {words_of(raised)}".rstrip(": ")) from raised
    why = say(zh=f"这里应当报错：`{wanted}`", en=f"this call should raise `{wanted}`")
    raise Wrong(why, expected=wanted, shown=brief(got), got=got)
