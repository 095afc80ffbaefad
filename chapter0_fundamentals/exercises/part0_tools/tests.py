"""One test per exercise of day 0's tools; each is called from its cell, and collected by pytest.

The annotations are judged by a real type checker and by beartype: which calls they let in, and which they stop.
"""

import collections
import contextlib
import copy
import dataclasses
import inspect
import itertools
import math
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from beartype import BeartypeConf, beartype
from jaxtyping import TypeCheckError, jaxtyped

from coach import case, close, holds, judged, mistakes_of, raises, say, variants_of
from coach.judging.compare import OBSERVERS
from part0_tools import checker


def bare(function: Any) -> Any:
    """The learner's function itself, where what it returns is no data: then what the test sees of it counts."""
    return getattr(function, "__wrapped__", function)


# Katas


@contextlib.contextmanager
def emptied(function: Callable) -> Iterator[Callable]:
    """`function`; in the end all lists that it returned are emptied: a shared one would keep its content for the next test."""
    returned: list[Any] = []

    def noted(*args: Any, **kwargs: Any) -> Any:
        returned.append(function(*args, **kwargs))
        return returned[-1]

    try:
        yield noted
    finally:
        for one in returned:
            if isinstance(one, list):
                one.clear()


@judged(skip={"inputs": "it changes the list that it is given", "repeat": "a second call appends once more"})
def test_record(record):
    with emptied(record) as record:
        with case(zh="第一次不给 `history`", en="the first call without `history`"):
            first = record(0.9)
            close(list(first), [0.9])
        with case(zh="第二次不给 `history`", en="the second call without `history`"):
            second = record(0.5)
            close(list(second), [0.5])
            close(list(first), [0.9])
        with case(zh="`history=None`", en="`history=None`"):
            close(list(record(0.3, None)), [0.3])
            close(list(record(0.2, history=None)), [0.2])
        for given in ([1.5, -0.5], []):
            zh, en = ("给了列表", "with a list") if given else ("给了空列表", "with an empty list")
            with case(zh=zh, en=en):
                expected, before = [*given, 0.25], given
                got = record(0.25, given)
                close(list(got), expected)
                close(before, expected)
                holds(got is before, zh="返回的不是传入的那个列表", en="what it returns is not the list that was given")
        with case(zh="之后又不给 `history`", en="without `history` once more"):
            close(list(record(0.1)), [0.1])


@judged
def test_vocabulary(vocabulary):
    close(vocabulary(["ba", "cab"]), {"a": 0, "b": 1, "c": 2})
    close(vocabulary([]), {})
    with case(zh="空的文字", en="on empty texts"):
        close(vocabulary(["", ""]), {})
    with case(zh="大小写、空格、汉字", en="on capitals, spaces and Chinese"):
        close(vocabulary(["Zz 网", "a\n", "络网"]), {c: i for i, c in enumerate(sorted("\n Zaz网络"))})
    with case(zh="只能遍历一次的 `texts`", en="on texts that can be walked through once"):
        close(bare(vocabulary)(text for text in ("xy", "wx")), {"w": 0, "x": 1, "y": 2})


class Counted(int):
    """An integer that counts the additions and subtractions it takes part in."""

    done = 0

    def _count(self, result: int) -> "Counted":
        Counted.done += 1
        return Counted(result)

    def __add__(self, other: int) -> "Counted":
        return self._count(int(self) + int(other))

    def __sub__(self, other: int) -> "Counted":
        return self._count(int(self) - int(other))

    def __rsub__(self, other: int) -> "Counted":
        return self._count(int(other) - int(self))

    __radd__ = __add__


@judged
def test_range_sums(range_sums):
    close(range_sums([3, 1, 4, 1, 5], [(0, 2), (2, 4), (3, 3)]), [4, 5, 0])
    rng = np.random.default_rng(3)
    values = [int(v) for v in rng.integers(-50, 50, 40)]
    ranges = [(a, b) for a in (0, 1, 7, 39, 40) for b in (0, 2, 7, 31, 40) if a <= b]
    expected = []
    for start, stop in ranges:
        total = 0
        for i in range(start, stop):
            total += values[i]
        expected.append(total)
    close(range_sums(values, ranges), expected)
    with case(zh="没有段", en="without ranges"):
        close(range_sums(values, []), [])
    with case(zh="没有数", en="without values"):
        close(range_sums([], [(0, 0)]), [0])
    with case(zh="同一段两次", en="on one stretch twice"):
        close(range_sums([7, -2], [(0, 2), (0, 2), (1, 2)]), [5, 5, -2])
    for power in (24, 53):  # from here on a float32, and a float64, leaves out odd integers
        with case(zh=f"2**{power} 上下的和", en=f"on sums near 2**{power}"):
            close(range_sums([2**power, 1], [(0, 2), (1, 2)]), [2**power + 1, 1])
    n, m = 600, 400
    Counted.done = 0
    long = [Counted(v) for v in rng.integers(-9, 9, n)]
    wanted = [(i % 7, n - i % 11) for i in range(m)]
    got = list(map(int, bare(range_sums)(long, wanted)))
    done, most = Counted.done, 3 * (n + m) + 10
    sums = np.concatenate([[0], np.cumsum(np.array([int(v) for v in long]))])
    close(got, [int(sums[stop] - sums[start]) for start, stop in wanted])
    zh = f"{n} 个数、{m} 段，做了 {done:,} 次加减法，至多 {most:,} 次"
    holds(done <= most, zh=zh, en=f"{done:,} additions for {n} numbers and {m} stretches, {most:,} at most")
    with case(zh="只能遍历一次的 `ranges`", en="with ranges that can be walked through once"):
        close(list(bare(range_sums)([4, 6, -1], (pair for pair in [(1, 3), (0, 1)]))), [5, 4])


@judged
def test_scalers(scalers):
    with emptied(bare(scalers)) as scalers:
        factors = [1.0, -2.5, 3.0]
        made = scalers(factors)
        holds(isinstance(made, list | tuple), zh="应当返回列表", en="it should return a list")
        holds(len(made) == 3, zh=f"应有 3 个函数，得到 {len(made)} 个", en=f"3 functions, not {len(made)}")
        for i, factor in enumerate(factors):
            with case(zh=f"第 {i} 个函数", en=f"function {i}"):
                close([made[i](x) for x in (10.0, -0.5)], [10 * factor, -0.5 * factor])
        factors[0] = 100.0
        with case(zh="`factors` 改动之后", en="after a change of `factors`"):
            close(made[0](10.0), 10.0)
        other = scalers([7])
        with case(zh="又造了一批之后", en="after making some more"):
            close([f(2) for f in other], [14.0])
            close([f(2.0) for f in made], [2.0, -5.0, 6.0])
        with case(zh="因数里有 0", en="with a factor of 0"):
            close([f(3.0) for f in scalers([0.0, 4.0, 0.0])], [0.0, 12.0, 0.0])
        with case(zh="没有因数", en="without factors"):
            close(list(scalers([])), [])
        with case(zh="只能遍历一次的 `factors`", en="with factors that can be walked through once"):
            close([f(2.0) for f in scalers(factor for factor in (0.5, -3.0))], [1.0, -6.0])


class Flaky:
    """A function that raises its errors one after the other, and then returns what it was called with."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors, self.calls = list(errors), 0

    def wrapped(self, decorator: Callable) -> Callable:
        def flaky(*args: Any, **kwargs: Any) -> Any:
            """Fails a few times."""
            self.calls += 1
            error = self.errors.pop(0) if self.errors else None
            if error:
                raise error
            return args, kwargs

        return decorator(flaky)


@judged
def test_retry(retry):
    retry = bare(retry)
    first, last, other = OSError("first"), FileNotFoundError("last"), KeyError("other")
    flaky = Flaky()
    with case(zh="一次就成功", en="with success at once"):
        close(flaky.wrapped(retry(3, OSError))(1, key="v"), ((1,), {"key": "v"}))
        calls(flaky, 1)
    flaky = Flaky(last)
    with case(zh="错误是 `error` 的子类", en="on an error of a subclass"):
        close(flaky.wrapped(retry(3, OSError))(3), ((3,), {}))
        calls(flaky, 2)
    flaky = Flaky(first, last)
    with case(zh="第三次才成功", en="with success at the third"):
        close(flaky.wrapped(retry(3, OSError))(2, x=[1]), ((2,), {"x": [1]}))
        calls(flaky, 3)
    flaky = Flaky(first, last, None)
    with case(zh="两次都失败", en="with two failures and two attempts"):
        passes_on(last, flaky.wrapped(retry(2, OSError)))
        calls(flaky, 2)
    flaky = Flaky(first, first, last, first, first, first)
    with case(zh="总是失败，`times=3`", en="with nothing but failures and `times=3`"):
        passes_on(last, flaky.wrapped(retry(3, OSError)))
        calls(flaky, 3)
    flaky = Flaky(first)
    with case(zh="`times=1`", en="`times=1`"):
        passes_on(first, flaky.wrapped(retry(1, OSError)))
        calls(flaky, 1)
    flaky = Flaky(other, None)
    with case(zh="别的错误", en="on another error"):
        passes_on(other, flaky.wrapped(retry(3, OSError)))
        calls(flaky, 1)
    flaky = Flaky(first, other)
    with case(zh="先是该重试的错误，后是别的", en="on an error to retry, and then another"):
        passes_on(other, flaky.wrapped(retry(5, OSError)))
        calls(flaky, 2)
    flaky = Flaky(first, None, first, first, None)
    with case(zh="被包的函数调用两次", en="on two calls of the wrapped function"):
        function = flaky.wrapped(retry(3, OSError))
        close([function(4), function(5)], [((4,), {}), ((5,), {})])
        calls(flaky, 5)
    with case(zh="结果是 `None`", en="on a result of `None`"):
        seen: list[int] = []
        result = retry(3, ValueError)(seen.append)(1)
        holds(result is None, zh="应当返回 `None`", en="it should return `None`")
        close(seen, [1])
    function = Flaky().wrapped(retry(2, ValueError))
    name = getattr(function, "__name__", "")
    holds(name == "flaky", zh=f"`__name__` 成了 `{name}`", en=f"its `__name__` has become `{name}`")
    holds(
        function.__doc__ == "Fails a few times.",
        zh="文档字符串（`__doc__`）丢了",
        en="its docstring (`__doc__`) is lost",
    )
    with case(zh="同一个装饰器包两个函数", en="on two functions under one decorator"):
        decorator, one, two = retry(2, OSError), Flaky(first), Flaky(first, last)
        close(one.wrapped(decorator)(6), ((6,), {}))
        passes_on(last, two.wrapped(decorator))


def calls(flaky: Flaky, expected: int) -> None:
    zh, en = f"应当调用 {expected} 次，实际 {flaky.calls} 次", f"{flaky.calls} calls, where {expected} are right"
    holds(flaky.calls == expected, zh=zh, en=en)


def passes_on(error: Exception, function: Callable) -> None:
    """`function()` raises this very error."""
    try:
        function()
    except Exception as raised:
        got = raised
    else:
        got = None
    if isinstance(got, NotImplementedError):
        raise got
    holds(got is not None, zh=f"应当抛出 {error!r}，却没有报错", en=f"{error!r} should go on, and there is no error")
    zh, en = f"应当抛出 {error!r}，得到 {got!r}", f"{error!r} should go on, and what came is {got!r}"
    holds(got is error, zh=zh, en=en)


@judged
def test_batches(batches):
    batches = bare(batches)
    listed = {"abcde": 2, "abcd": 2, "ab": 5, "": 3, "xyz": 1}
    for text, size in listed.items():
        expected = [list(text[i : i + size]) for i in range(0, len(text), size)]
        with case(zh=f"`batches({text!r}, {size})`", en=f"`batches({text!r}, {size})`"):
            close([list(batch) for batch in batches(text, size)], expected)
    with case(zh="`items` 是生成器", en="with a generator as `items`"):
        close(list(batches((n * n for n in range(5)), 3)), [[0, 1, 4], [9, 16]])
    with case(zh="`None` 和 0 也是元素", en="with `None` and 0 among the elements"):
        close(list(batches([None, 0, None], 2)), [[None, 0], [None]])
    taken: list[int] = []

    def endless() -> Iterable[int]:
        for n in itertools.count():
            if len(taken) > 50:
                raise ValueError("more than 50 elements taken")
            taken.append(n)
            yield n

    made = batches(endless(), 3)
    with case(zh="没有尽头的 `items`", en="with `items` without an end"):
        holds(iter(made) is made, zh="应当返回迭代器", en="it should return an iterator")
        first = next(made)
        close(list(first), [0, 1, 2])
        zh, en = f"交出一批，取了 {len(taken)} 个", f"{len(taken)} elements are taken for one batch"
        holds(len(taken) <= 3, zh=zh, en=en)
        close(list(next(made)), [3, 4, 5])
        zh, en = "先前的批被后来的改动了", "an earlier batch was changed by a later one"
        holds(list(first) == [0, 1, 2], zh=zh, en=en)
        first.append(9)
        close(list(next(made)), [6, 7, 8])
        kind = type(first).__name__
        holds(isinstance(first, list), zh=f"每一批应当是列表，不是 {kind}", en=f"a batch is a list, not a {kind}")


@judged
def test_batch_that_fits(batch_that_fits):
    batch_that_fits = bare(batch_that_fits)
    for sizes, room, expected in (([64, 32, 16], 40, 32), ([8, 64, 4], 9, 8), ([64, 16, 3, 1], 5, 3), ([2], 2, 2)):
        tried: list[int] = []

        def fits(size: int, tried: list[int] = tried, room: int = room) -> bool:
            tried.append(size)
            return size <= room

        with case(zh=f"sizes={sizes}，够 {room} 个", en=f"sizes={sizes} and room for {room}"):
            close(batch_that_fits(sizes, fits), expected)
            close(tried, sizes[: sizes.index(expected) + 1])
    for sizes in ([5, 6, 7], []):
        tried = []
        with case(zh=f"sizes={sizes}，都放不下", en=f"sizes={sizes}, none of which fits"):
            raises(ValueError, batch_that_fits, sizes, lambda size, tried=tried: tried.append(size), words=True)
            close(tried, sizes)
    with case(zh="`sizes` 只能遍历一次", en="with sizes that can be walked through once"):
        close(batch_that_fits(iter([9, 4, 2]), lambda size: size < 5), 4)
    with case(zh="`fits` 自己报错", en="after an error of `fits`"):
        raises(KeyError, batch_that_fits, [3, 2], lambda size: {}[size])


@judged
def test_parse_setting(parse_setting):
    rights = {"lr=0.1": ("lr", 0.1), "  weight_decay =  -2e-3 ": ("weight_decay", -0.002), "epochs=3": ("epochs", 3.0)}
    rights |= {" weight decay = 0.5": ("weight decay", 0.5)}
    for text, expected in rights.items():
        with case(zh=f"{text!r}", en=f"{text!r}"):
            close(parse_setting(text), expected)
    for text in ("lr=fast", "lr 0.1", "=0.1", "lr=", "", "  = 3", "a=b=1", "momentum : 0.9", "lr=1 000", "lr\t=fast"):
        with case(zh=f"{text!r}", en=f"{text!r}"):
            raises(ValueError, parse_setting, text, words=True)
            error = error_of(parse_setting, text)
            zh, en = f"报错的话里没有整个 `text`：{error}", f"its words don't hold the whole `text`: {error}"
            holds(text in str(error) or repr(text) in str(error), zh=zh, en=en)
            zh, en = f"报错的话里没有 `lr=0.1`：{error}", f"its words don't hold `lr=0.1`: {error}"
            holds("lr=0.1" in str(error), zh=zh, en=en)
    for text in ("lr=fast", " lr = 1.5.2"):
        with case(zh=f"{text!r}", en=f"{text!r}"):
            cause = getattr(error_of(parse_setting, text), "__cause__", None)
            zh, en = "原来的错误没有保留：`__cause__` 是 `None`", "the original error isn't kept: `__cause__` is `None`"
            holds(cause is not None, zh=zh, en=en)
            zh = f"`__cause__` 是 {cause!r}，应当是 `float` 报的那个 `ValueError`"
            en = f"its `__cause__` is {cause!r}, and should be the `ValueError` that `float` raised"
            holds(isinstance(cause, ValueError) and "convert" in str(cause), zh=zh, en=en)


def error_of(function: Callable, *args: Any) -> Exception | None:
    try:
        bare(function)(*args)
    except Exception as error:
        return error
    return None


class Box:
    """A thing with attributes."""

    shared = "of the class"

    def __init__(self) -> None:
        self.training: Any = True
        self.rate: Any = 0.5


@judged
def test_temporarily(temporarily):
    temporarily = bare(temporarily)
    box = Box()
    waiting = temporarily(box, "training", False)
    holds(box.training is True, zh="还没有 `with`，属性就变了", en="the attribute changes before the `with`")
    with waiting:
        holds(box.training is False, zh="里面的值不是 `value`", en="inside, the attribute is not `value`")
        close(box.rate, 0.5)
    holds(box.training is True, zh="出来以后没有恢复", en="afterwards it is not what it was")
    box = Box()
    with case(zh="里面又改过", en="after a change inside"):
        with temporarily(box, "rate", 0.1):
            close(box.rate, 0.1)
            box.rate = 9.0
        close(box.rate, 0.5)
    box = Box()
    with case(zh="进去之前改过", en="after a change between the call and the `with`"):
        waiting = temporarily(box, "rate", 0.1)
        box.rate = 0.25
        with waiting:
            close(box.rate, 0.1)
        close(box.rate, 0.25)
    box = Box()
    with case(zh="里面出错", en="after an error inside"):
        goes_on(KeyError("inside"), temporarily(box, "training", "other"))
        holds(box.training is True, zh="出错以后没有恢复", en="after the error it is not what it was")
    box = Box()
    with case(zh="里面按了 Ctrl-C（`KeyboardInterrupt`）", en="after Ctrl-C inside (`KeyboardInterrupt`)"):
        goes_on(KeyboardInterrupt("inside"), temporarily(box, "training", "other"))
        holds(box.training is True, zh="中断以后没有恢复", en="after the interrupt it is not what it was")
    for old in (None, 0.0):
        box = Box()
        box.rate = old
        with case(zh=f"原来的值是 `{old}`", en=f"on an old value of `{old}`"):
            with temporarily(box, "rate", 0.1):
                close(box.rate, 0.1)
            back = box.rate
            holds(back == old, zh=f"应当恢复成 `{old}`，却是 `{back}`", en=f"it was `{old}`, and now it is `{back}`")
    box = Box()
    with case(zh="套着用", en="one inside the other"):
        with temporarily(box, "rate", 1.0):
            with temporarily(box, "rate", 2.0), temporarily(box, "training", None):
                close(box.rate, 2.0)
                holds(box.training is None, zh="`None` 也是值", en="`None` is a value, too")
            close(box.rate, 1.0)
        close(box.rate, 0.5)
        holds(box.training is True, zh="套着用之后没有恢复", en="after both it is not what it was")
    box = Box()
    with case(zh="类的属性", en="on an attribute of the class"):
        with temporarily(box, "shared", "own"):
            holds((box.shared, Box.shared) == ("own", "of the class"), zh="改到了类上", en="it changes the class")
        holds(box.shared == "of the class", zh="没有恢复", en="it is not what it was")
    with case(zh="两个对象", en="on two objects"):
        box, other = Box(), Box()
        with temporarily(other, "rate", 7.0):
            close([box.rate, other.rate], [0.5, 7.0])
        close(other.rate, 0.5)


def goes_on(error: BaseException, context: Any) -> None:
    """`error` is raised inside of `context`, and comes out as it is."""
    came: BaseException | None = None
    try:
        with context:
            raise error
    except type(error) as raised:
        came = raised
    holds(came is error, zh="错误没有照样传出去", en="the error didn't go on")


@judged
def test_Settings(Settings):
    first, second = Settings(), Settings()
    values(first, 0.01, 3, [0])
    with case(zh="改动一个的 `seeds` 之后", en="after a change of the `seeds` of one"):
        first.seeds.append(1)
        seen = [list(one.seeds) for one in (second, Settings(), first)]
        first.seeds.pop()  # a list that is shared would keep it for the next test
        close(seen, [[0], [0], [0, 1]])
    with case(zh="按名字给", en="with fields by name"):
        equal = Settings(lr=0.5, epochs=7) == Settings(epochs=7, lr=0.5)
        holds(equal, zh="值相同的两个不相等", en="two of the same values aren't equal")
        values(Settings(epochs=2, seeds=[1], lr=0.25), 0.25, 2, [1])
    with case(zh="按位置给", en="with fields by position"):
        values(Settings(0.5, 7, [4, 5]), 0.5, 7, [4, 5])
    with case(zh="给一个空的 `seeds`", en="with empty `seeds`"):
        values(Settings(0.5, 7, []), 0.5, 7, [])
    with case(zh="相等", en="equality"):
        for same in ((), (0.5,), (0.5, 7), (0.5, 7, [4])):
            zh, en = f"`Settings{same}` 与自己的另一份不相等", f"two `Settings{same}` aren't equal"
            holds(Settings(*same) == Settings(*same), zh=zh, en=en)
        for one, other in (((0.5,), (0.4,)), ((0.5, 7), (0.5, 8)), ((0.5, 7, [4]), (0.5, 7, [5]))):
            zh = f"`Settings{one}` 与 `Settings{other}` 竟然相等"
            holds(Settings(*one) != Settings(*other), zh=zh, en=f"`Settings{one}` equals `Settings{other}`")
    shown = repr(Settings(0.5, 7, [4]))
    for part in ("lr=0.5", "epochs=7", "seeds=[4]"):
        holds(part in shown, zh=f"打印出来没有 `{part}`：{shown}", en=f"`{part}` isn't in what is printed: {shown}")
    with case(zh="`dataclasses.replace`", en="`dataclasses.replace`"):
        base = Settings(0.5, 7, [4])
        values(replaced(base, epochs=8), 0.5, 8, [4])
        values(base, 0.5, 7, [4])
        raises(ValueError, replaced, base, lr=-1.0, words="lr")
    for lr in (0.0, -0.5, math.nan):
        with case(zh=f"lr={lr}", en=f"lr={lr}"):
            raises(ValueError, Settings, lr, words="lr")


def values(settings: Any, lr: float, epochs: int, seeds: list[int]) -> None:
    close([settings.lr, settings.epochs, list(settings.seeds)], [lr, epochs, seeds])


def replaced(settings: Any, **changes: Any) -> Any:
    return dataclasses.replace(settings, **changes)


class Graph(dict):
    """A dictionary that counts how often it is looked at, and complains when that is too often."""

    looks = 0
    most = 10_000

    def _look(self) -> None:
        self.looks += 1
        if self.looks > self.most:
            raise RuntimeError(say(zh="查看 `follows` 超过 10 000 次", en="`follows` is looked at over 10,000 times"))

    def __getitem__(self, key: Any) -> Any:
        self._look()
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._look()
        return super().get(key, default)

    def __contains__(self, key: Any) -> bool:
        self._look()
        return super().__contains__(key)


@judged
def test_count_paths(count_paths):
    graph = {"x": ["a", "b"], "a": ["loss"], "b": ["a", "loss"]}
    ways = {("x", "loss"): 3, ("x", "a"): 2, ("b", "loss"): 2, ("a", "x"): 0, ("x", "x"): 1, ("loss", "loss"): 1}
    ways |= {("x", "nowhere"): 0, ("nowhere", "x"): 0}
    for (start, end), expected in ways.items():
        close(count_paths(graph, start, end), expected)
    with case(zh="终点后面还有路", en="with ways that go on behind the end"):
        close(count_paths({0: [1, 2], 1: [3], 2: [3], 3: [4, 5], 4: [6], 5: [6]}, 0, 3), 2)
    with case(zh="死路", en="with a dead end"):
        close(count_paths({0: [2, 1, 3], 1: [4], 2: [], 3: [4]}, 0, 4), 2)
    with case(zh="同样的点，另一个图", en="on the same points in another graph"):
        close(count_paths({"x": ["a"], "a": ["loss"], "b": ["a"]}, "x", "loss"), 1)
    with case(zh="空的图", en="on an empty graph"):
        close(count_paths({}, 1, 2), 0)
    for n in (12, 60):
        with case(zh=f"{n} 个菱形", en=f"on {n} diamonds"):
            ways_through(count_paths, diamonds(n), 3 * n, 2**n)
    with case(zh="60 个菱形，终点到不了", en="on 60 diamonds, from which there is no way to the end"):
        ways_through(count_paths, diamonds(60), "nowhere", 0)
    shortcut = diamonds(60)
    shortcut.update({0: [1, 2, 180]})
    with case(zh="60 个菱形，外加一条近路", en="on 60 diamonds and a short cut"):
        ways_through(count_paths, shortcut, 180, 2**60 + 1)


def diamonds(n: int) -> Graph:
    """`n` diamonds in a row, from 0 to `3 * n`: the ways part at 0, 3, 6 and so on, and meet again at 3, 6, 9."""
    graph = Graph({i: [i + 1] if i % 3 else [i + 1, i + 2] for i in range(3 * n)})
    graph.update({i: [i + 2] for i in range(1, 3 * n, 3)})
    return graph


def ways_through(function: Callable, graph: Graph, end: Any, expected: int) -> None:
    """From 0 to `end` there are `expected` ways, and they are found by few looks."""
    close(bare(function)(graph, 0, end), expected)
    zh, en = f"查看了 {graph.looks:,} 次，至多 10 000 次", f"{graph.looks:,} looks, 10,000 at most"
    holds(graph.looks <= Graph.most, zh=zh, en=en)


@judged
def test_topological_order(topological_order):
    graphs: dict[str, dict[str, list[str]]] = {
        say(zh="例子", en="the example"): {"loss": ["h", "y"], "h": ["x", "w"]},
        say(zh="倒着写的串", en="a chain written backwards"): {"d": ["c"], "c": ["b"], "b": ["a"], "a": []},
        say(zh="顺着写的串", en="a chain written forwards"): {"a": [], "b": ["a"], "c": ["b"]},
        say(zh="菱形", en="a diamond"): {"e": ["c", "d"], "c": ["a"], "d": ["a", "c"], "f": []},
        say(zh="长短两条路", en="a long and a short way"): {
            "z": ["y", "s"],
            "y": ["m"],
            "m": ["k"],
            "k": ["s"],
            "s": [],
        },
        say(zh="互不相干的两块", en="two parts"): {"b": ["a"], "q": ["p"], "lone": []},
        say(zh="空的图", en="an empty graph"): {},
    }
    for words, needs in graphs.items():
        with case(zh=words, en=words):
            ordered(topological_order, needs)
    cycles = [{"a": ["b"], "b": ["a"]}, {"a": ["a"]}, {"x": [], "a": ["x", "c"], "b": ["a"], "c": ["b"], "d": ["x"]}]
    for needs in cycles:
        with case(zh=f"有环：{needs}", en=f"on the cycle {needs}"):
            raises(ValueError, topological_order, needs, words=True)
    n = 10_000
    chain = {str(i): [str(i + 1)] for i in range(n)}
    with case(zh="一万个名字的串", en="on a chain of 10,000 names"):
        close(list(bare(topological_order)(chain)) == [str(i) for i in range(n, -1, -1)], True)
    star = {"end": [f"n{i}" for i in range(500)]}
    with case(zh="一个需要五百个", en="on one that needs 500"):
        ordered(topological_order, star)


def ordered(function: Callable, needs: dict[str, list[str]]) -> None:
    """`function(needs)` has each name once, behind those that it needs, and leaves `needs` alone."""
    given = copy.deepcopy(needs)
    got = list(bare(function)(given))
    holds(given == needs, zh="传入的字典被改动了", en="the dictionary that was given has changed")
    names = set(needs) | {name for before in needs.values() for name in before}
    counts = collections.Counter(got)
    twice, lacking = [name for name, count in counts.items() if count > 1], sorted(names - set(got))
    holds(not lacking, zh=f"{got} 里缺了 {lacking[:5]}", en=f"{lacking[:5]} is missing in {got}")
    holds(not twice, zh=f"{got} 里有重复：{twice[:5]}", en=f"{twice[:5]} stands more than once in {got}")
    strange = sorted(set(map(str, got)) - names)
    holds(not strange, zh=f"{strange[:5]} 不是名字", en=f"{strange[:5]} is no name")
    place = {name: i for i, name in enumerate(got)}
    wrong = [(a, b) for a, before in needs.items() for b in before if place.get(b, -1) > place.get(a, len(got))]
    zh = f"{got}：{wrong[0][0] if wrong else ''} 站在它需要的前面"
    holds(not wrong, zh=zh, en=f"{got}: {wrong[0][0] if wrong else ''} stands before what it needs")


# Types


def annotated(function: Callable) -> bool:
    return bool(inspect.unwrap(function).__annotations__)


def begun(function: Callable) -> None:
    """Complains of a function without one annotation: the checker needn't be asked, which takes seconds."""
    holds(annotated(function), zh="函数头上还没有注解", en="there is no annotation at its head yet")


def static(exercise: str, function: Callable, given: str, right: Sequence[str], wrong: Sequence[str]) -> None:
    """What the checker says of the function, and of lines that use it as `f`: `right` ones pass, `wrong` ones don't."""
    if not annotated(function):
        return
    functions = [function]
    if OBSERVERS or inspect.unwrap(function).__module__.endswith((".mistakes", ".variants")):
        known = [*mistakes_of("part0_tools", exercise), *variants_of("part0_tools", exercise)]
        functions += [one.function for one in known]  # they will be asked for as well: all by one run
    calls = [*right, *wrong]
    scripts = [script(one, given, calls) for one in functions]
    try:
        errors = checker.check([text for text, _ in scripts])[0]
    except checker.Missing as missing:
        print(missing)
        return
    first = scripts[0][1]
    own = [message for line, message in sorted(errors.items()) if line < first]
    zh = f"检查器说函数自己有错：{own[0] if own else ''}"
    holds(not own, zh=zh, en=f"the checker finds an error in the function itself: {own[0] if own else ''}")
    for i, line in enumerate(right):
        said = errors.get(first + i, "")
        zh, en = f"检查器拦下了对的一行 `{line}`：{said}", f"the checker stops the right line `{line}`: {said}"
        holds(not said, zh=zh, en=en)
    for i, line in enumerate(wrong, len(right)):
        zh, en = f"检查器放过了错的一行 `{line}`", f"the checker lets the wrong line `{line}` pass"
        holds(first + i in errors, zh=zh, en=en)


def script(function: Callable, given: str, calls: Sequence[str]) -> tuple[str, int]:
    """The source for the checker, and the line on which the calls begin."""
    own = inspect.unwrap(function)
    head = f"{checker.source_of(own)}\nf = {own.__name__}\n"
    between = given.strip("\n") + "\n"
    # names that the learner's own source can't disturb, and a line for each call
    text = head + between + "\n".join(calls) + "\n"
    return text, (head + between).count("\n") + 1


def at_run_time(function: Callable) -> Callable:
    """The function under the check at run time: an int may serve as a float, as the checker has it."""
    own = inspect.unwrap(function)
    for hint in typing.get_type_hints(own).values():
        kind = typing.get_origin(hint) or hint
        if getattr(kind, "_is_protocol", False) and kind.__module__ == own.__module__:
            typing.runtime_checkable(kind)  # else beartype can't look at it
    return jaxtyped(typechecker=beartype(conf=BeartypeConf(is_pep484_tower=True)))(own)


def lets_in(function: Callable, *args: Any) -> Any:
    """What the checked function returns; complains if the check stops the call."""
    try:
        return at_run_time(function)(*args)
    except TypeCheckError:
        zh, en = (
            f"运行时的检查拦下了对的调用 {told(function, args)}",
            f"at run time the right call {told(function, args)} is stopped",
        )
        holds(False, zh=zh, en=en)
        return None


def stops(function: Callable, *args: Any, result: bool = False) -> None:
    """Complains unless the check stops the call; `result` tells that it is what comes back that is wrong."""
    try:
        at_run_time(function)(*args)
        stopped = False
    except TypeCheckError:
        stopped = True
    except NotImplementedError:
        raise
    except Exception:  # the body's own error, after the check let the call in
        stopped = False
    zh, en = (
        f"运行时的检查放过了错的调用 {told(function, args)}",
        f"at run time the wrong call {told(function, args)} passes",
    )
    if result:
        zh, en = "运行时的检查放过了错的结果", "at run time a wrong result passes"
    holds(stopped, zh=zh, en=en)


def told(function: Callable, args: Sequence[Any]) -> str:
    shown = [f"<{str(a.dtype).removeprefix('torch.')} {tuple(a.shape)}>" if hasattr(a, "shape") else a for a in args]
    words = [getattr(a, "__name__", None) or (a if str(a).startswith("<") else repr(a)) for a in shown]
    return f"`{inspect.unwrap(function).__name__}({', '.join(map(str, words))})`"


def with_body(function: Callable, body: Callable) -> Callable:
    """`body` under the annotations of `function`, name by name in their order."""
    own = inspect.unwrap(function)
    hints = typing.get_type_hints(own, include_extras=True)
    names = [*list(inspect.signature(own).parameters), "return"]
    mine = [*list(inspect.signature(body).parameters), "return"]
    body.__name__ = body.__qualname__ = "body"  # jaxtyping writes a function of that name
    body.__annotations__ = {m: hints[n] for n, m in zip(names, mine, strict=True) if n in hints}
    return body


@judged(seconds=90)
def test_average(average):
    begun(average)
    for losses, expected in (([0.5, 1.5, 4.0], 2.0), ((1, 2, 6), 3.0), ([7], 7.0)):
        with case(zh="对的调用", en="on right calls"):
            close(lets_in(average, losses), expected)
    static(
        "average",
        average,
        "epochs: list[int] = [1, 2]\nlosses: list[float] = [0.5]",
        [
            "a1: float = f([0.5, 1.5])",
            "a2: float = f((0.5, 1.0, 3.0))",
            "a3: float = f(epochs)",
            "a4: float = f(losses)",
        ],
        ['f("0.5")', 'f(["0.5", "1.5"])', "f(0.5)", "f(None)", "a5: str = f(losses)"],
    )
    for wrong in ("05", ["a", "b"], 0.5, None):
        stops(average, wrong)
    stops(with_body(average, lambda losses: "2.0"), [0.5, 1.5], result=True)


@judged(seconds=90)
def test_best(best):
    begun(best)
    for accuracies, expected in (({"sgd": 0.8, "adam": 0.9}, "adam"), ({}, None), ({"one": 1}, "one")):
        got = lets_in(best, accuracies)
        holds(got == expected, zh=f"应为 {expected!r}，得到 {got!r}", en=f"expected {expected!r}, got {got!r}")
    static(
        "best",
        best,
        'measured: dict[str, float] = {"adam": 0.9}',
        ["b1: str | None = f(measured)", "b2: str | None = f({})", 'b3: str | None = f({"sgd": 0.5, "adam": 0.9})'],
        [
            'f(["adam"])',
            "f({1: 0.9})",
            'f({"adam": "0.9"})',
            "f(None)",
            "b4: str = f(measured)",
            "b5: float | None = f(measured)",
        ],
    )
    for wrong in (["adam"], {1: 0.9}, {"adam": "0.9"}, None):
        stops(best, wrong)
    stops(with_body(best, lambda accuracies: 3), {"adam": 0.9}, result=True)


def halve(x: float) -> float:
    return x / 2


def louder(text: str) -> str:
    return text + "!"


STEPS = """
def halve(x: float) -> float: return x / 2
def louder(text: str) -> str: return text + "!"
def width(text: str) -> int: return len(text)
"""


@judged(seconds=90)
def test_repeat(repeat):
    begun(repeat)
    close(lets_in(repeat, halve, 8.0, 3), 1.0)
    holds(lets_in(repeat, louder, "ab", 2) == "ab!!", zh='应为 "ab!!"', en='"ab!!" is right')
    close(lets_in(repeat, halve, 8.0, 0), 8.0)
    static(
        "repeat",
        repeat,
        STEPS,
        ["f(halve, 8.0, 3)", "c1: float = f(halve, 8.0, 3)", 'c2: str = f(louder, "ab", 2)'],
        [
            'f(halve, "8", 3)',
            "f(louder, 8.0, 1)",
            'f(width, "ab", 2)',
            "f(8.0, halve, 3)",
            'f(halve, 8.0, "3")',
            "f(halve, 8.0, 2.5)",
            "c3: str = f(halve, 8.0, 3)",
        ],
    )
    for wrong in ((8.0, halve, 3), (halve, 8.0, "3"), (halve, 8.0, 2.5)):
        stops(repeat, *wrong)


@judged(seconds=90)
def test_distances(distances):
    begun(distances)
    torch.manual_seed(4)
    points, centres = torch.randn(5, 2), torch.randn(3, 2)
    slow = torch.tensor(
        [[sum((a - b) ** 2 for a, b in zip(p, c, strict=True)) ** 0.5 for c in centres] for p in points]
    )
    close(lets_in(distances, points, centres), slow)
    close(lets_in(distances, points.double(), centres.double()), slow.double())
    close(lets_in(distances, points[:1], centres[:1]), slow[:1, :1])
    close(lets_in(distances, points[:3], centres), slow[:3])
    with case(zh="点与中心同样多，d 是 4", en="with as many points as centres, and d of 4"):
        square = torch.randn(3, 4), torch.randn(3, 4)
        close(lets_in(distances, *square), torch.cdist(*square))
    static(
        "distances",
        distances,
        "import torch\npoints, centres = torch.zeros(5, 2), torch.zeros(3, 2)\n",
        ["d1: torch.Tensor = f(points, centres)"],
        ["f([[0.0]], centres)", "f(points, [[0.0]])", "d2: float = f(points, centres)"],
    )
    stops(distances, points, torch.randn(3, 1))
    stops(distances, points, torch.randn(3, 4))
    stops(distances, torch.randn(2), centres)
    stops(distances, points, torch.randn(2))
    stops(distances, points.int(), centres.int())
    stops(distances, points.numpy(), centres.numpy())
    bodies = [
        lambda points, centres: slow.T,
        lambda points, centres: slow[0],
        lambda points, centres: slow.int(),
        lambda points, centres: slow[:, :2],
        lambda points, centres: slow[:, [0, 1, 2, 0, 1]],
    ]
    for body in bodies:
        stops(with_body(distances, body), points, centres, result=True)
