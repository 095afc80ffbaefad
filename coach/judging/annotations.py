"""What comes back, held against the annotation of the course's own answer."""

import collections.abc
import inspect
import numbers
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Union

from beartype.door import is_bearable
from beartype.roar import BeartypeException
from jaxtyping import jaxtyped

from coach.judging.compare import Wrong, dtype_name, is_array, kind_of, plain
from coach.words import say

NUMBERS = {float: numbers.Real, int: numbers.Integral}


def typed(call: Callable, signature: inspect.Signature, args: tuple, kwargs: dict) -> Any:
    """What `call()` returns; raises `Wrong` where it does not fit. Arguments that don't fit theirs switch this off."""
    expected = signature.return_annotation
    arguments = bound(signature, args, kwargs)
    if expected is signature.empty or isinstance(expected, str) or arguments is None:
        return call()
    with jaxtyped("context"):
        fit = all(_fits(value, signature.parameters[name].annotation) for name, value in arguments.items())
        result = call()
        if not fit or _fits(result, expected) or _fits(meant(result, expected), expected):
            return result
        place, annotation, value = misfit(meant(result, expected), expected)
    raise Wrong(
        _complaint(place, annotation, value),
        expected=f"{getattr(annotation, '__name__', annotation)}{_sizes(signature, arguments)}",
        shown=kind_of(value),
        got=result,
    )


def bound(signature: inspect.Signature, args: tuple, kwargs: dict) -> dict[str, Any] | None:
    """The arguments by the names of `signature`; None where they don't go with it."""
    try:
        return dict(signature.bind(*args, **kwargs).arguments)
    except TypeError:
        return None


def _complaint(place: str, annotation: Any, value: Any) -> str:
    at = say(zh=f"位置 {place}：", en=f"at {place}: ") if place else ""
    if value is None:
        return at + say(zh="返回了 `None`：是不是少了 `return`？", en="it returned `None`: is a `return` missing?")
    dtypes = getattr(annotation, "dtypes", ())
    if is_array(value) and isinstance(dtypes, list | tuple) and dtype_name(value) not in dtypes:
        return at + say(zh="元素的类型（dtype）与注解不符", en="the dtype does not fit the annotation")
    return at + say(zh="返回值与注解不符", en="what came back does not fit the annotation")


def _fits(value: Any, annotation: Any) -> bool:
    if annotation in (inspect.Parameter.empty, Any) or isinstance(annotation, str):
        return True
    try:
        return is_bearable(value, annotation)
    except BeartypeException:  # an annotation that beartype can't read binds nothing
        return True


def meant(value: Any, annotation: Any) -> Any:
    """`value` as the annotation would have it, where that means the same: an int for a float, a list for a tuple."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        return next((x for kind in inner if _fits(x := meant(value, kind), kind)), value)
    if annotation is bool:
        return plain(value)
    if annotation in NUMBERS:
        number = plain(value)
        right = isinstance(number, NUMBERS[annotation]) and not isinstance(number, bool)
        return annotation(number) if right else value
    if _is_sequence(origin or annotation) and isinstance(value, list | tuple):
        made = [meant(x, kind) for x, kind in zip(value, _kinds(origin, inner, len(value)), strict=True)]
        return tuple(made) if (origin or annotation) is tuple else made
    if _is_mapping(origin) and isinstance(value, Mapping) and len(inner) == 2:
        return {meant(key, inner[0]): meant(x, inner[1]) for key, x in value.items()}
    return value


def _is_sequence(kind: Any) -> bool:
    return kind in (list, tuple, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)


def _is_mapping(kind: Any) -> bool:
    return kind in (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def _kinds(origin: Any, inner: tuple, length: int) -> list[Any]:
    """The annotation of each of so many elements."""
    if not inner:
        return [Any] * length
    if origin is tuple and inner[-1] is not Ellipsis:
        return [*inner, *[Any] * length][:length]
    return [inner[0]] * length


def misfit(value: Any, annotation: Any, place: str = "") -> tuple[str, Any, Any]:
    """The innermost element that does not fit by itself: where, what it should be, what it is."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    parts: list[tuple[str, Any, Any]] = []
    if _is_sequence(origin) and isinstance(value, list | tuple):
        kinds = _kinds(origin, inner, len(value))
        parts = [(f"{place}[{i}]", kind, x) for i, (x, kind) in enumerate(zip(value, kinds, strict=True))]
    elif _is_mapping(origin) and isinstance(value, Mapping) and len(inner) == 2:
        parts = [(f"{place}[{key!r}]", inner[1], x) for key, x in value.items()]
    wrong = next((part for part in parts if not _fits(part[2], part[1])), None)
    return misfit(wrong[2], wrong[1], wrong[0]) if wrong else (place, annotation, value)


def _sizes(signature: inspect.Signature, arguments: Mapping[str, Any]) -> str:
    """What the named axes of the arguments are in this call: " (nrays=9, dims=3)"."""
    sizes: dict[str, int] = {}
    for name, value in arguments.items():
        axes = getattr(signature.parameters[name].annotation, "dim_str", "").split()
        if is_array(value) and len(axes) == value.ndim:
            sizes |= {axis: n for axis, n in zip(axes, value.shape, strict=True) if axis.isidentifier()}
    return f" ({', '.join(f'{axis}={n}' for axis, n in sizes.items())})" if sizes else ""
