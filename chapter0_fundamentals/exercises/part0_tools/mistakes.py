"""The wrong answers of day 0's tools, each explained in a sentence."""

import collections
import contextlib
import dataclasses
import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
from jaxtyping import Float, Float32, Int, Num, Shaped
from torch import Tensor

from coach import mistake

T = TypeVar("T")
U = TypeVar("U")

# Names and objects

HISTORY: list = []


@mistake(
    "record",
    zh="默认的列表只在定义函数时造一次，所有调用共用它：默认写 `None`，在函数里造新的。",
    en="The default list is made once, when the function is defined, and all calls share it: let the default be `None` and make a new list inside.",
)
def remembers(loss, history=[]):  # noqa: B006
    history.append(loss)
    return history


@mistake(
    "record",
    zh="空列表也算假，于是传入的空列表被换掉了：问 `history is None`。",
    en="An empty list counts as false, so one that is given gets replaced: ask `history is None`.",
)
def replaces_the_empty(loss, history=None):
    history = history or []
    history.append(loss)
    return history


@mistake(
    "record",
    zh="返回的是副本，传入的列表没有变：要添在那个列表里。",
    en="It returns a copy, and the list that was given doesn't change: append to that list.",
)
def appends_to_a_copy(loss, history=None):
    return [*(history or []), loss]


@mistake("record", zh="传入的 `history` 没有用上。", en="The `history` that is given isn't used.")
def ignores_the_given(loss, history=None):
    return [loss]


@mistake("record", zh="添在了开头：新的损失在末尾。", en="It puts the loss in front: the new one goes at the end.")
def puts_in_front(loss, history=None):
    history = [] if history is None else history
    history.insert(0, loss)
    return history


@mistake(
    "record",
    zh="`append` 返回 `None`：先添，再返回列表。",
    en="`append` returns `None`: append first, then return the list.",
)
def returns_what_append_does(loss, history=None):
    history = [] if history is None else history
    return history.append(loss)


@mistake(
    "record",
    zh="每次清空的是同一个列表，先前返回的也跟着变了：每次造一个新的。",
    en="The same list is cleared each time, and changes what was returned before: make a new one each time.",
)
def clears_the_default(loss, history=None, default=HISTORY):
    if history is None:
        default.clear()
        history = default
    history.append(loss)
    return history


@mistake("record", zh="`loss` 没有添进去。", en="The `loss` isn't appended.")
def appends_nothing(loss, history=None):
    return [] if history is None else history


@mistake(
    "record",
    zh="添进去的是装着 `loss` 的列表，不是 `loss`。",
    en="It appends a list that holds `loss`, and not `loss`.",
)
def appends_a_list(loss, history=None):
    history = [] if history is None else history
    history.append([loss])
    return history


@mistake(
    "record",
    zh="默认换成了 `None`，却还是用函数外面的同一个列表：在函数里写 `[]`。",
    en="The default is `None` now, but the list used is one outside the function, always the same: write `[]` inside.",
)
def shares_a_global(loss, history=None, shared=[]):  # noqa: B006
    history = shared if history is None else history
    history.append(loss)
    return history


@mistake(
    "record",
    zh="`history` 原有的内容被丢掉了：添，不是换。",
    en="What `history` held is lost: append, don't replace.",
)
def replaces_the_content(loss, history=None):
    history = [] if history is None else history
    history[:] = [loss]
    return history


@mistake("record", zh="`loss` 添了两次。", en="The `loss` is appended twice.")
def appends_twice(loss, history=None):
    history = [] if history is None else history
    history += [loss, loss]
    return history


# Containers


def numbered(characters) -> dict[str, int]:
    return {character: number for number, character in enumerate(characters)}


@mistake(
    "vocabulary",
    zh="按第一次出现的先后编了号：要先 `sorted`。",
    en="It numbers by first occurrence: use `sorted` first.",
)
def by_occurrence(texts):
    return numbered(dict.fromkeys(c for text in texts for c in text))


@mistake("vocabulary", zh="编号从 1 开始了：从 0 开始。", en="It numbers from 1: begin at 0.")
def from_one(texts):
    return {c: i for i, c in enumerate(sorted({c for text in texts for c in text}), start=1)}


@mistake(
    "vocabulary", zh="键和值颠倒了：字符在前，编号在后。", en="Keys and values are swapped: from character to number."
)
def inverted(texts):
    return dict(enumerate(sorted({c for text in texts for c in text})))


@mistake(
    "vocabulary",
    zh="给整段文字编了号，不是给字符：还差一层 `for`。",
    en="It numbers whole texts and not characters: one more `for` is needed.",
)
def numbers_texts(texts):
    return numbered(sorted(set(texts)))


@mistake(
    "vocabulary",
    zh="这是每个字符出现的次数，不是编号。",
    en="That is how often each character occurs, and no number of its own.",
)
def counts(texts):
    return dict(collections.Counter(c for text in texts for c in text))


@mistake(
    "vocabulary",
    zh="重复的字符占了编号：先用集合去掉重复。",
    en="Repeated characters use up numbers: remove repeats by a set first.",
)
def with_gaps(texts):
    return numbered(sorted(c for text in texts for c in text))


@mistake("vocabulary", zh="只看了第一段文字。", en="It looks at the first text only.")
def first_text_only(texts):
    return numbered(sorted(set(next(iter(texts), ""))))


@mistake("vocabulary", zh="大写被改成了小写：字符照原样。", en="It makes capitals small: take characters as they are.")
def lowered(texts):
    return numbered(sorted({c.lower() for text in texts for c in text}))


@mistake(
    "vocabulary",
    zh="空格和换行被丢掉了：它们也是字符。",
    en="Spaces and newlines are dropped: they are characters, too.",
)
def without_spaces(texts):
    return numbered(sorted({c for text in texts for c in text if not c.isspace()}))


@mistake(
    "vocabulary", zh="编号倒过来了：最小的字符是 0。", en="The numbering is reversed: the smallest character is 0."
)
def backwards(texts):
    return numbered(sorted({c for text in texts for c in text}, reverse=True))


@mistake(
    "vocabulary", zh="用了 `ord` 的码：编号是 0、1、2……", en="It uses the codes of `ord`: the numbers are 0, 1, 2, ..."
)
def codes(texts):
    return {c: ord(c) for text in texts for c in text}


@mistake(
    "vocabulary",
    zh="`texts` 遍历了两遍，而它可以是只能走一遍的迭代器。",
    en="It walks through `texts` twice, and that may be an iterator, which can be walked through once.",
)
def walks_twice(texts):
    return numbered(sorted({c for text in texts for c in text})) if list(texts) else {}


@mistake(
    "vocabulary",
    zh="每段文字都从 0 重新编号：所有文字共用一张表。",
    en="Each text is numbered anew from 0: all texts share one table.",
)
def anew_for_each(texts):
    return {c: i for text in texts for i, c in enumerate(sorted(set(text)))}


@mistake("vocabulary", zh="返回的是字符的列表，不是字典。", en="It returns a list of characters, and no dictionary.")
def only_a_list(texts):
    return sorted({c for text in texts for c in text})


def summed(values) -> list[int]:
    return list(itertools.accumulate(values, initial=0))


@mistake(
    "range_sums",
    zh="`stop` 处的数也算进去了：含头不含尾。",
    en="The number at `stop` is included: the stop is excluded.",
)
def includes_the_stop(values, ranges):
    sums = summed(values)
    return [sums[min(stop + 1, len(values))] - sums[start] for start, stop in ranges]


@mistake(
    "range_sums",
    zh="每段都从头加了一遍：前缀和算好一次，每段只减一次。",
    en="Each stretch is added up anew: compute prefix sums once, and subtract once for each stretch.",
)
def adds_anew(values, ranges):
    return [sum(values[start:stop]) for start, stop in ranges]


@mistake(
    "range_sums",
    zh="前缀和前面少了 0：`sums[start - 1]` 在 `start` 为 0 时取到了最后一个。",
    en="The prefix sums lack their 0 in front: for a `start` of 0, `sums[start - 1]` is the last one.",
)
def without_the_zero(values, ranges):
    sums = list(itertools.accumulate(values)) or [0]
    return [sums[stop - 1] - sums[start - 1] for start, stop in ranges]


@mistake("range_sums", zh="`start` 处的数没有算进去。", en="The number at `start` is left out.")
def excludes_the_start(values, ranges):
    sums = summed(values)
    return [sums[stop] - sums[min(start + 1, stop)] for start, stop in ranges]


@mistake(
    "range_sums", zh="减反了：后面的减前面的。", en="The subtraction is reversed: the later minus the earlier sum."
)
def reversed_sign(values, ranges):
    sums = summed(values)
    return [sums[start] - sums[stop] for start, stop in ranges]


@mistake(
    "range_sums",
    zh="只看了 `stop`：还要减去 `start` 之前的和。",
    en="It uses `stop` only: subtract the sum before `start`.",
)
def up_to_the_stop(values, ranges):
    sums = summed(values)
    return [sums[stop] for _, stop in ranges]


@mistake(
    "range_sums",
    zh="第二个数被当成了长度：它是终点的位置。",
    en="The second number is taken for a length: it is the place of the stop.",
)
def start_and_length(values, ranges):
    sums = summed(values)
    return [sums[min(start + length, len(values))] - sums[start] for start, length in ranges]


@mistake("range_sums", zh="空的段被跳过了：它的和是 0。", en="Empty stretches are left out: their sum is 0.")
def skips_the_empty(values, ranges):
    sums = summed(values)
    return [sums[stop] - sums[start] for start, stop in ranges if start < stop]


@mistake(
    "range_sums",
    zh="重复的段只答了一次：每一对都要一个数，按原来的顺序。",
    en="Repeated stretches are answered once: each pair gets a number, in the given order.",
)
def each_once(values, ranges):
    sums = summed(values)
    return [sums[stop] - sums[start] for start, stop in dict.fromkeys(ranges)]


@mistake(
    "range_sums", zh="这是所有段的总和：每段要一个数。", en="That is the sum over all stretches: each has its own."
)
def one_total(values, ranges):
    sums = summed(values)
    return [sum(sums[stop] - sums[start] for start, stop in ranges)]


@mistake("range_sums", zh="返回了平均值，不是和。", en="It returns means and not sums.")
def means(values, ranges):
    sums = summed(values)
    return [(sums[stop] - sums[start]) // max(stop - start, 1) for start, stop in ranges]


@mistake("range_sums", zh="返回的是前缀和本身。", en="It returns the prefix sums themselves.")
def the_prefix_sums(values, ranges):
    return summed(values)


@mistake(
    "range_sums",
    zh="用 float32 求了和：超过 2**24 的整数它存不全，整数要用整数类型加。",
    en="It sums in float32, which can't hold every integer beyond 2**24: add integers as integers.",
)
def in_float32(values, ranges):
    sums = np.cumsum(np.array([0, *map(int, values)], dtype=np.float32))
    return [int(sums[stop] - sums[start]) for start, stop in ranges]


@mistake(
    "range_sums",
    zh="用 float64 求了和：超过 2**53 的整数它存不全，整数要用整数类型加。",
    en="It sums in float64, which can't hold every integer beyond 2**53: add integers as integers.",
)
def in_float64(values, ranges):
    sums = np.cumsum(np.array([0, *map(int, values)], dtype=np.float64))
    return [int(sums[stop] - sums[start]) for start, stop in ranges]


@mistake(
    "range_sums",
    zh="对 `ranges` 用了 `len` 和下标，而它可以是只能遍历一次的迭代器：用 `for` 一对一对地取。",
    en="It uses `len` and an index of `ranges`, which may be an iterator: take the pairs one by one with `for`.",
)
def indexes_the_ranges(values, ranges):
    sums = summed(values)
    return [sums[ranges[i][1]] - sums[ranges[i][0]] for i in range(len(ranges))]


@mistake(
    "range_sums",
    zh="`ranges` 遍历了两遍，而它可以是只能走一遍的迭代器。",
    en="It walks through `ranges` twice, and that may be an iterator, which can be walked through once.",
)
def walks_ranges_twice(values, ranges):
    sums, starts = summed(values), [start for start, _ in ranges]
    return [sums[stop] - sums[start] for start, (_, stop) in zip(starts, ranges, strict=False)]


# Functions


@mistake(
    "scalers",
    zh="闭包记住的是名字，调用时循环已经结束：所有函数都乘最后一个因数。",
    en="A closure keeps the name and not its value, and when it is called the loop is over: all functions multiply by the last factor.",
)
def late_binding(factors):
    return [lambda x: factor * x for factor in list(factors)]  # noqa: B023


@mistake("scalers", zh="加上了因数，没有乘。", en="It adds the factor in place of multiplying.")
def adds(factors):
    return [lambda x, factor=factor: factor + x for factor in factors]


@mistake(
    "scalers",
    zh="调用时才去列表里取因数，列表一改，函数就变了：造的时候就定下来。",
    en="The factor is taken from the list at the call, so a change of the list changes the function: fix it when the function is made.",
)
def reads_the_list_later(factors):
    return [lambda x, i=i: factors[i] * x for i in range(len(factors))]


@mistake("scalers", zh="所有函数都乘第一个因数。", en="All functions multiply by the first factor.")
def first_factor(factors):
    factors = list(factors)
    return [lambda x: factors[0] * x for _ in factors]


@mistake("scalers", zh="顺序反了。", en="Their order is reversed.")
def backwards_scalers(factors):
    return [functools.partial(operator.mul, factor) for factor in reversed(list(factors))]


@mistake("scalers", zh="除以了因数。", en="It divides by the factor.")
def divides(factors):
    return [lambda x, factor=factor: x / factor for factor in factors]


@mistake(
    "scalers",
    zh="返回的是生成器，不是列表：把圆括号换成方括号。",
    en="It returns a generator and no list: brackets in place of parentheses.",
)
def a_generator(factors):
    return (functools.partial(operator.mul, factor) for factor in factors)


@mistake(
    "scalers",
    zh="返回的是一个函数，它一次给出所有乘积：应当是一个函数的列表。",
    en="It returns one function that gives all products: a list of functions is wanted.",
)
def one_function(factors):
    factors = list(factors)
    return lambda x: [factor * x for factor in factors]


@mistake(
    "scalers",
    zh="参数的默认值是因数，传进来的数没有用上，或把因数盖掉了：要两个参数，一个收数，一个记因数。",
    en="The only parameter has the factor as its default, and the number that is passed in takes its place: two are needed, one for the number and one to keep the factor.",
)
def only_a_default(factors):
    return [lambda factor=factor: factor for factor in factors]


@mistake(
    "scalers",
    zh="所有调用共用一个列表，上一次造的函数还在里面：在函数里造新列表。",
    en="All calls share one list, and it still holds the functions made before: make a new list inside.",
)
def shared_list(factors, made=[]):  # noqa: B006
    made.extend(functools.partial(operator.mul, factor) for factor in factors)
    return made


@mistake("scalers", zh="因数被取成了整数。", en="The factors are cut down to integers.")
def whole_factors(factors):
    return [functools.partial(operator.mul, int(factor)) for factor in factors]


@mistake("scalers", zh="少了一个函数：最后一个因数没有用上。", en="A function is missing: the last factor isn't used.")
def without_the_last(factors):
    return [functools.partial(operator.mul, factor) for factor in list(factors)[:-1]]


@mistake(
    "scalers",
    zh="为 0 的因数被丢掉了：0 算假，可它也是因数，后面的位置全错开了。",
    en="Factors of 0 are left out: 0 counts as false, but is a factor like others, and all later places shift.",
)
def without_zeros(factors):
    return [functools.partial(operator.mul, factor) for factor in factors if factor]


@mistake(
    "scalers",
    zh="对 `factors` 用了 `len` 和下标，而它可以是只能遍历一次的迭代器：用 `for` 一个一个地取。",
    en="It uses `len` and an index of `factors`, which may be an iterator: take them one by one with `for`.",
)
def indexes_the_factors(factors):
    return [functools.partial(operator.mul, factors[i]) for i in range(len(factors))]


def retrying(attempt: Callable) -> Callable:
    """A `retry` whose innermost layer is `attempt(function, times, error, args, kwargs)`."""

    def retry(times, error):
        def decorate(function):
            @functools.wraps(function)
            def call(*args, **kwargs):
                return attempt(function, times, error, args, kwargs)

            return call

        return decorate

    return retry


@mistake(
    "retry",
    zh="多试了一次：`times` 是总次数，第一次也算。",
    en="It makes one attempt too many: `times` is the number of all calls, the first included.",
)
def one_more(times, error):
    return right_retry(times + 1, error)


@mistake("retry", zh="少试了一次。", en="It makes one attempt too few.")
def one_less(times, error):
    return right_retry(max(times - 1, 1), error)


def right_retry(times, error):
    def attempt(function, times, error, args, kwargs):
        for left in reversed(range(times)):
            try:
                return function(*args, **kwargs)
            except error:
                if not left:
                    raise
        return None

    return retrying(attempt)(times, error)


@mistake(
    "retry",
    zh="什么错误都接住重试了：只接 `error` 这一类。",
    en="It catches and retries all errors: catch only the class `error`.",
)
def catches_everything(times, error):
    return right_retry(times, Exception)


@mistake(
    "retry",
    zh="最后一次的错误被吞掉，返回了 `None`：要让它抛出去。",
    en="The last error is swallowed, and `None` returned: let it go on.",
)
def swallows_the_last(times, error):
    def attempt(function, times, error, args, kwargs):
        for _ in range(times):
            with contextlib.suppress(error):
                return function(*args, **kwargs)
        return None

    return retrying(attempt)(times, error)


@mistake(
    "retry",
    zh="没有用 `functools.wraps`：名字和文档字符串都丢了。",
    en="`functools.wraps` is missing: name and docstring are lost.",
)
def without_wraps(times, error):
    def decorate(function):
        def call(*args, **kwargs):
            return right_retry(times, error)(function)(*args, **kwargs)

        return call

    return decorate


@mistake(
    "retry",
    zh="名字抄回来了，文档字符串没有：用 `functools.wraps` 一次抄全。",
    en="The name is copied back, the docstring isn't: `functools.wraps` copies both.",
)
def without_the_docstring(times, error):
    def decorate(function):
        def call(*args, **kwargs):
            return right_retry(times, error)(function)(*args, **kwargs)

        call.__name__ = function.__name__
        return call

    return decorate


@mistake("retry", zh="按名字给的参数没有转交：`**kwargs`。", en="Named arguments aren't handed on: `**kwargs`.")
def without_kwargs(times, error):
    def attempt(function, times, error, args, kwargs):
        return right_retry(times, error)(function)(*args)

    return retrying(attempt)(times, error)


@mistake("retry", zh="结果没有返回：少了 `return`。", en="The result isn't returned: a `return` is missing.")
def without_return(times, error):
    def attempt(function, times, error, args, kwargs):
        right_retry(times, error)(function)(*args, **kwargs)

    return retrying(attempt)(times, error)


@mistake(
    "retry",
    zh="试过的次数记在调用外面，第二次调用就不剩多少了：每次调用从头数。",
    en="Attempts are counted outside the call, so few are left for the next one: count anew in each call.",
)
def counts_over_all_calls(times, error):
    def decorate(function):
        failures = 0

        @functools.wraps(function)
        def call(*args, **kwargs):
            nonlocal failures
            while True:
                try:
                    return function(*args, **kwargs)
                except error:
                    failures += 1
                    if failures >= times:
                        raise

        return call

    return decorate


@mistake(
    "retry",
    zh="试过的次数由装饰器记着，被它包的函数共用：每次调用从头数。",
    en="The decorator counts the attempts for all functions that it wraps: count anew in each call.",
)
def counts_over_all_functions(times, error):
    failed: dict[str, int] = {"functions": -1}

    def decorate(function):
        failed["functions"] += 1
        left = max(times - failed["functions"], 1)
        return right_retry(left, error)(function)

    return decorate


@mistake(
    "retry",
    zh="换了一个错误抛出：要把最后一次的原样抛出，光秃秃的 `raise` 就行。",
    en="It raises another error: the last one should go on as it is, by a bare `raise`.",
)
def raises_its_own(times, error):
    def attempt(function, times, error, args, kwargs):
        for _ in range(times):
            with contextlib.suppress(error):
                return function(*args, **kwargs)
        raise RuntimeError(f"no success in {times} attempts")

    return retrying(attempt)(times, error)


@mistake("retry", zh="抛出的是第一次的错误：要最后一次的。", en="It raises the first error: the last one is wanted.")
def raises_the_first(times, error):
    def attempt(function, times, error, args, kwargs):
        errors = []
        for _ in range(times):
            try:
                return function(*args, **kwargs)
            except error as caught:
                errors.append(caught)
        raise errors[0]

    return retrying(attempt)(times, error)


@mistake(
    "retry",
    zh="结果是 `None` 时也当作失败，又试了：只有报错才重试。",
    en="A result of `None` is taken for a failure and tried again: only errors are.",
)
def retries_on_none(times, error):
    def attempt(function, times, error, args, kwargs):
        for left in reversed(range(times)):
            result = right_retry(left + 1, error)(function)(*args, **kwargs)
            if result is not None:
                return result
        return None

    return retrying(attempt)(times, error)


@mistake(
    "retry",
    zh="成功以后还在调用：一成功就 `return`。",
    en="It goes on calling after a success: `return` at once.",
)
def calls_on(times, error):
    def attempt(function, times, error, args, kwargs):
        result, caught = None, None
        for _ in range(times):
            try:
                result, caught = function(*args, **kwargs), None
            except error as failure:
                caught = failure
        if caught:
            raise caught
        return result

    return retrying(attempt)(times, error)


@mistake(
    "retry",
    zh="子类的错误没有重试：用 `except error`，不要比较 `type`。",
    en="Errors of a subclass aren't retried: use `except error`, and don't compare `type`.",
)
def exact_class_only(times, error):
    def attempt(function, times, error, args, kwargs):
        for left in reversed(range(times)):
            try:
                return function(*args, **kwargs)
            except Exception as caught:
                if type(caught) is not error or not left:
                    raise
        return None

    return retrying(attempt)(times, error)


@mistake("retry", zh="没有上限，一直试下去：至多 `times` 次。", en="It tries without a limit: `times` calls at most.")
def never_gives_up(times, error):
    return right_retry(1000, error)


@mistake(
    "retry",
    zh="参数整个当成一个元组传了：调用时要写星号 `*args`。",
    en="All arguments are passed as one tuple: write the star in the call, `*args`.",
)
def without_stars(times, error):
    def attempt(function, times, error, args, kwargs):
        return right_retry(times, error)(function)(args, **kwargs)

    return retrying(attempt)(times, error)


# One after the other


@mistake("batches", zh="剩下的不满一批，被丢掉了。", en="What is left, less than a batch, is dropped.")
def drops_the_last(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []


@mistake(
    "batches",
    zh="先把 `items` 全装进列表：没有尽头的数据就永远等不到第一批。",
    en="All of `items` goes into a list first: with data that has no end, the first batch never comes.",
)
def greedy(items, size):
    items = list(items)
    for i in range(0, len(items), size):
        yield items[i : i + size]


@mistake(
    "batches",
    zh="返回的是装满所有批的列表：要一批一批地交，写 `yield`。",
    en="It returns a list of all batches: hand them over one by one, by `yield`.",
)
def all_at_once(items, size):
    return list(greedy(items, size))


@mistake(
    "batches",
    zh="每一批都是同一个列表，`clear` 之后，先前交出的也空了：每批造一个新的。",
    en="All batches are the same list, and `clear` empties those handed over before: make a new one for each.",
)
def one_list(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch.clear()
    if batch:
        yield batch


@mistake("batches", zh="末尾多了一个空的批。", en="There is an empty batch at the end.")
def empty_at_the_end(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


@mistake(
    "batches",
    zh="多取了一个才交出这一批：取满 `size` 个就交。",
    en="It takes one element more before it hands a batch over: hand it over as soon as it is full.",
)
def looks_ahead(items, size):
    batch = []
    for item in items:
        if len(batch) == size:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


@mistake(
    "batches",
    zh="这是互相重叠的窗口：每个元素只在一批里。",
    en="Those are overlapping windows: each element is in one batch only.",
)
def windows(items, size):
    window = collections.deque(maxlen=size)
    for item in items:
        window.append(item)
        if len(window) == size:
            yield list(window)


@mistake(
    "batches",
    zh="最后一批用 `None` 补满了：它可以不满。",
    en="The last batch is filled up with `None`: it may be shorter.",
)
def padded(items, size):
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch + [None] * (size - len(batch))


@mistake("batches", zh="每一批是元组：要列表。", en="The batches are tuples: lists are wanted.")
def tuples(items, size):
    iterator = iter(items)
    while batch := tuple(itertools.islice(iterator, size)):
        yield batch


@mistake(
    "batches",
    zh="分成了 `size` 批：`size` 是每批的个数。",
    en="It makes `size` batches: `size` is the number of elements in one.",
)
def so_many_batches(items, size):
    items = list(items)
    each = max(-(-len(items) // size), 1)
    return greedy(items, each)


@mistake(
    "batches",
    zh="算假的元素（0、`None`）被丢掉了。",
    en="Elements that count as false (0, `None`) are dropped.",
)
def drops_the_false(items, size):
    return empty_free(filter(None, items), size)


def empty_free(items, size):
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


@mistake(
    "batches",
    zh="用了 `len` 和切片，生成器没有这些：用 `for` 一个一个地取。",
    en="It uses `len` and slices, which a generator doesn't have: take elements one by one with `for`.",
)
def by_slices(items, size):
    for i in range(0, len(items), size):
        yield list(items[i : i + size])


@mistake("batches", zh="每批少一个。", en="Each batch has one element too few.")
def one_too_few(items, size):
    return empty_free(items, max(size - 1, 1))


@mistake("batches", zh="只交出了第一批。", en="Only the first batch is handed over.")
def first_batch_only(items, size):
    if batch := list(itertools.islice(iter(items), size)):
        yield batch


@mistake(
    "batches",
    zh="每次都从头取：`islice` 要用同一个迭代器，先写 `iterator = iter(items)`。",
    en="Each time it begins at the front: `islice` needs one and the same iterator, so say `iterator = iter(items)` first.",
)
def begins_anew(items, size):
    for _ in range(50):
        if batch := list(itertools.islice(items, size)):
            yield batch


def first_fit(sizes, fits):
    return next((size for size in sizes if fits(size)), None)


@mistake(
    "batch_that_fits",
    zh="都放不下时返回了 `None`：要报 `ValueError`。",
    en="If none fits it returns `None`: raise `ValueError`.",
)
def none_if_none(sizes, fits):
    return first_fit(sizes, fits)


@mistake(
    "batch_that_fits",
    zh="都放不下时返回了最后一个：循环没有 `break` 就结束时，要在 `else` 里报错。",
    en="If none fits it returns the last: where the loop ends without a `break`, raise in its `else`.",
)
def last_tried(sizes, fits):
    size = None
    for size in sizes:
        if fits(size):
            break
    if size is None:
        raise ValueError("there are no sizes")
    return size


@mistake(
    "batch_that_fits",
    zh="把每个都试了：试一次很贵，找到第一个就停。",
    en="It tries all of them: a trial is expensive, so stop at the first that fits.",
)
def tries_all(sizes, fits):
    found = [size for size in sizes if fits(size)]
    if not found:
        raise ValueError("none fits")
    return found[0]


@mistake(
    "batch_that_fits",
    zh="返回的是最后一个放得下的：要第一个。",
    en="It returns the last that fits: the first is wanted.",
)
def last_that_fits(sizes, fits):
    found = [size for size in sizes if fits(size)]
    if not found:
        raise ValueError("none fits")
    return found[-1]


@mistake(
    "batch_that_fits",
    zh="第一个放不下就报错了：`else` 要与 `for` 对齐，不是与 `if`。",
    en="It raises as soon as the first doesn't fit: the `else` belongs to the `for`, and not to the `if`.",
)
def gives_up_at_once(sizes, fits):
    for size in sizes:
        if fits(size):
            return size
        raise ValueError("it doesn't fit")
    raise ValueError("there are no sizes")


@mistake("batch_that_fits", zh="同一个大小试了两次。", en="A size is tried twice.")
def tries_twice(sizes, fits):
    for size in sizes:
        if fits(size) and fits(size):
            return size
    raise ValueError("none fits")


@mistake(
    "batch_that_fits",
    zh="从小到大试了：按 `sizes` 的顺序。",
    en="It tries from small to large: keep the order of `sizes`.",
)
def smallest_first(sizes, fits):
    return last_or_error(sorted(sizes), fits)


@mistake(
    "batch_that_fits",
    zh="从大到小试了：按 `sizes` 的顺序。",
    en="It tries from large to small: keep the order of `sizes`.",
)
def largest_first(sizes, fits):
    return last_or_error(sorted(sizes, reverse=True), fits)


def last_or_error(sizes, fits):
    if (size := first_fit(sizes, fits)) is None:
        raise ValueError("none fits")
    return size


@mistake("batch_that_fits", zh="返回的是位置，不是大小。", en="It returns the place and not the size.")
def the_place(sizes, fits):
    for i, size in enumerate(sizes):
        if fits(size):
            return i
    raise ValueError("none fits")


@mistake(
    "batch_that_fits", zh="返回了 `fits` 的结果：要返回大小。", en="It returns what `fits` returns: the size is wanted."
)
def the_truth(sizes, fits):
    for size in sizes:
        if fits(size):
            return True
    raise ValueError("none fits")


@mistake(
    "batch_that_fits",
    zh="返回的是放不下的那个：条件反了。",
    en="It returns one that doesn't fit: the condition is reversed.",
)
def first_that_does_not(sizes, fits):
    return last_or_error(sizes, lambda size: not fits(size))


@mistake(
    "batch_that_fits",
    zh="都放不下时报的是 `StopIteration`：`next` 没有默认值就会这样，要 `ValueError`。",
    en="If none fits it raises `StopIteration`, as `next` does without a default: `ValueError` is wanted.",
)
def stop_iteration(sizes, fits):
    return next(size for size in sizes if fits(size))


@mistake("batch_that_fits", zh="`ValueError` 没有写一句话。", en="Its `ValueError` says nothing.")
def without_words(sizes, fits):
    if (size := first_fit(sizes, fits)) is None:
        raise ValueError
    return size


@mistake(
    "batch_that_fits",
    zh="`fits` 自己的错误被接住，当成了放不下：让它传出去。",
    en="Errors of `fits` itself are caught and taken for no room: let them go on.",
)
def catches_its_errors(sizes, fits):
    def safe(size):
        try:
            return fits(size)
        except Exception:
            return False

    return last_or_error(sizes, safe)


@mistake(
    "batch_that_fits",
    zh="`sizes` 遍历了两遍，而它可以是只能走一遍的迭代器。",
    en="It walks through `sizes` twice, and that may be an iterator, which can be walked through once.",
)
def walks_sizes_twice(sizes, fits):
    if not list(sizes):
        raise ValueError("there are no sizes")
    return last_or_error(sizes, fits)


# When something fails


def parsed(text, read: Any = float):
    """Name and number, or the right error; `read` makes the number."""
    name, _, value = (part.strip() for part in text.partition("="))
    try:
        if not name:
            raise ValueError("no name")
        return name, read(value)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}: write lr=0.1") from error


@mistake(
    "parse_setting",
    zh="原来的错误没有留下（没有 `from`，或写了 `from None`）：写 `raise ... from error`。",
    en="The original error isn't kept (there is no `from`, or it says `from None`): write `raise ... from error`.",
)
def without_from(text):
    try:
        return parsed(text)
    except ValueError as error:
        words = str(error)
        raise ValueError(words)  # noqa: B904


@mistake("parse_setting", zh="错误信息里没有传进来的 `text`。", en="Its error message doesn't contain the `text`.")
def without_the_text(text):
    try:
        return parsed(text)
    except ValueError as error:
        raise ValueError("this can't be read: write it like lr=0.1") from error.__cause__


@mistake(
    "parse_setting", zh="错误信息里没有示范 `lr=0.1`。", en="Its error message doesn't contain the example `lr=0.1`."
)
def without_the_example(text):
    try:
        return parsed(text)
    except ValueError as error:
        raise ValueError(f"can't read {text!r}") from error.__cause__


@mistake(
    "parse_setting",
    zh="`float` 的错误直接传了出去：接住它，换一句有用的话。",
    en="The error of `float` goes on as it is: catch it and say something that helps.",
)
def passes_it_on(text):
    name, _, value = (part.strip() for part in text.partition("="))
    if not name:
        raise ValueError(f"{text!r}: write lr=0.1")
    return name, float(value)


@mistake(
    "parse_setting",
    zh="读不懂时返回了 `None`：要报 `ValueError`。",
    en="For what it can't read it returns `None`: raise `ValueError`.",
)
def none_on_failure(text):
    try:
        return parsed(text)
    except ValueError:
        return None


@mistake("parse_setting", zh="右边还是文字，没有变成数。", en="The right side is still text, and no number.")
def leaves_text(text):
    name, number = parsed(text)
    return name, str(number)


@mistake("parse_setting", zh="名字两边的空格没有去掉。", en="The spaces around the name are still there.")
def keeps_spaces(text):
    name, number = parsed(text)
    return text.partition("=")[0], number


@mistake(
    "parse_setting", zh="名字为空也放过了：要报 `ValueError`。", en="It lets an empty name pass: raise `ValueError`."
)
def takes_no_name(text):
    name, _, value = (part.strip() for part in text.partition("="))
    return name, parsed(f"x={value}")[1] if not name and value else parsed(text)[1]


@mistake(
    "parse_setting",
    zh="等号右边为空时给了 0：要报 `ValueError`。",
    en="For an empty right side it gives 0: raise `ValueError`.",
)
def zero_for_nothing(text):
    return parsed(text, lambda value: float(value or 0))


@mistake("parse_setting", zh="数被取成了整数。", en="The number is cut down to an integer.")
def whole_numbers(text):
    return parsed(text, lambda value: float(int(float(value))))


@mistake("parse_setting", zh="顺序反了：先名字，后数。", en="The order is reversed: first the name, then the number.")
def number_first(text):
    return parsed(text)[::-1]


@mistake(
    "parse_setting",
    zh="报的不是 `ValueError`，而是 `KeyError`。",
    en="It raises `KeyError`, where `ValueError` is wanted.",
)
def key_error(text):
    try:
        return parsed(text)
    except ValueError as error:
        raise KeyError(str(error)) from error.__cause__


@mistake(
    "parse_setting",
    zh="只看最后一个等号，`a=b=1` 就被读懂了：右边 `b=1` 不是数。",
    en="It splits at the last equals sign and so reads `a=b=1`: its right side, `b=1`, is no number.",
)
def last_sign(text):
    if text.count("=") < 2:
        return parsed(text)
    name, _, value = text.rpartition("=")
    return name, float(value)


@mistake(
    "parse_setting",
    zh="`__cause__` 不是 `float` 报的那个错误：`from` 后面写接住的那个。",
    en="Its `__cause__` isn't the error that `float` raised: after `from` write the one you caught.",
)
def from_something_else(text):
    try:
        return parsed(text)
    except ValueError as error:
        words = str(error)
    raise ValueError(words) from KeyError("hidden")


@mistake(
    "parse_setting",
    zh="错误信息里只有去掉空格的文字：要照原样。",
    en="Its error message contains the text without its spaces: keep it as it was given.",
)
def trimmed_text(text):
    return parsed(text.strip())


@mistake(
    "parse_setting",
    zh="返回的是字典：要一对，名字和数。",
    en="It returns a dictionary: a pair of name and number is wanted.",
)
def a_dictionary(text):
    return dict([parsed(text)])


@mistake(
    "parse_setting",
    zh="名字里面、数里面的空格也去掉了：只去两边的（`strip`）。",
    en="It takes out the spaces inside the name and the number, too: only those around them go (`strip`).",
)
def without_any_spaces(text):
    try:
        return parsed(text.replace(" ", ""))
    except ValueError as error:
        raise ValueError(f"{text!r}: write lr=0.1") from error.__cause__


def context(make: Callable) -> Callable:
    return contextlib.contextmanager(make)


@mistake(
    "temporarily",
    zh="没有 `finally`：里面一出错，就不恢复了。",
    en="There is no `finally`: after an error inside, nothing is brought back.",
)
@context
def without_finally(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    yield
    setattr(obj, name, before)


@mistake("temporarily", zh="出来以后没有恢复。", en="Afterwards nothing is brought back.")
@context
def never_back(obj, name, value):
    setattr(obj, name, value)
    yield


@mistake(
    "temporarily",
    zh="里面的错误被吞掉了：恢复以后要让它传出去。",
    en="An error inside is swallowed: bring the value back, and let the error go on.",
)
@context
def swallows(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    try:
        with contextlib.suppress(Exception):
            yield
    finally:
        setattr(obj, name, before)


class Changing:
    """A context manager by a class, with a choice of faults."""

    def __init__(self, obj, name, value):
        self.obj, self.name, self.value = obj, name, value

    def __enter__(self):
        self.before = getattr(self.obj, self.name)
        setattr(self.obj, self.name, self.value)

    def __exit__(self, *error):
        setattr(self.obj, self.name, self.before)


@mistake(
    "temporarily",
    zh="一调用就改了，还没有 `with`：改动要放在进去的时候。",
    en="The call changes the attribute before there is a `with`: change it on the way in.",
)
def changes_at_the_call(obj, name, value):
    class Early(Changing):
        def __enter__(self):
            pass

    made = Early(obj, name, value)
    Changing.__enter__(made)
    return made


@mistake(
    "temporarily",
    zh="原来的值在调用时就记下了：进去时再记，中间可能改过。",
    en="The old value is noted at the call: note it on the way in, as it may change in between.",
)
def notes_at_the_call(obj, name, value):
    class Early(Changing):
        def __enter__(self):
            setattr(self.obj, self.name, self.value)

    made = Early(obj, name, value)
    made.before = getattr(obj, name)
    return made


@mistake(
    "temporarily", zh="改到了类上：要改对象自己的属性。", en="It changes the class: change the attribute of the object."
)
@context
def on_the_class(obj, name, value):
    own = name in vars(obj)
    before, of_class = getattr(obj, name), getattr(type(obj), name, None)
    setattr(obj if own else type(obj), name, value)
    try:
        yield
    finally:
        setattr(obj if own else type(obj), name, before if own else of_class)


@mistake(
    "temporarily",
    zh="出来以后把属性删掉了：要放回原来的值。",
    en="Afterwards the attribute is deleted: put the old value back.",
)
@context
def deletes(obj, name, value):
    setattr(obj, name, value)
    try:
        yield
    finally:
        delattr(obj, name)


@mistake("temporarily", zh="`value` 没有设上去。", en="The `value` is never set.")
@context
def changes_nothing(obj, name, value):
    before = getattr(obj, name)
    try:
        yield
    finally:
        setattr(obj, name, before)


@mistake(
    "temporarily",
    zh="里面又改过，就不恢复了：不管里面怎样，都放回原来的值。",
    en="After a change inside, nothing is brought back: put the old value back in any case.",
)
@context
def only_if_untouched(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    try:
        yield
    finally:
        if getattr(obj, name) is value:
            setattr(obj, name, before)


@mistake(
    "temporarily",
    zh="`None` 没有设上去：它也是一个值。",
    en="A `value` of `None` isn't set: it is a value like others.",
)
@context
def ignores_none(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, before if value is None else value)
    try:
        yield
    finally:
        setattr(obj, name, before)


@mistake(
    "temporarily",
    zh="原来的值是 `None` 时没有恢复：`None` 也是值，要照样放回去。",
    en="An old value of `None` isn't brought back: it is a value like others.",
)
@context
def keeps_no_none(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    try:
        yield
    finally:
        if before is not None:
            setattr(obj, name, before)


@mistake(
    "temporarily",
    zh="算假的旧值（0、`None`、`False`）没有恢复：不管是什么，都放回去。",
    en="An old value that counts as false isn't brought back: put it back whatever it is.",
)
@context
def keeps_nothing_false(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    try:
        yield
    finally:
        if before:
            setattr(obj, name, before)


@mistake(
    "temporarily",
    zh="Ctrl+C 之后没有恢复：`KeyboardInterrupt` 不是 `Exception`，`except Exception` 接不住它，用 `finally`。",
    en="After Ctrl+C nothing is brought back: a `KeyboardInterrupt` is no `Exception`, which is all that `except Exception` catches, so use `finally`.",
)
@context
def after_exceptions_only(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    try:
        yield
    except Exception:
        setattr(obj, name, before)
        raise
    setattr(obj, name, before)


BEFORE: dict[str, Any] = {}


@mistake(
    "temporarily",
    zh="原来的值记在共用的字典里，套着用时被里层的盖掉了：每次用自己的变量。",
    en="The old value is kept in a shared dictionary, where an inner use overwrites it: let each use have its own variable.",
)
@context
def shared_memory(obj, name, value):
    BEFORE[name] = getattr(obj, name)
    setattr(obj, name, value)
    try:
        yield
    finally:
        setattr(obj, name, BEFORE[name])


@mistake(
    "temporarily",
    zh="只在出错时恢复：平常出来也要恢复，用 `finally`。",
    en="It brings the value back only after an error: do so in any case, by `finally`.",
)
@context
def back_after_errors_only(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    try:
        yield
    except BaseException:
        setattr(obj, name, before)
        raise


@mistake(
    "temporarily",
    zh="先改了，后记的：放回去的是新值。",
    en="It notes the value after changing it: what is put back is the new one.",
)
@context
def notes_too_late(obj, name, value):
    before = getattr(obj, name)
    setattr(obj, name, value)
    noted = value if not isinstance(value, bool) else before
    try:
        yield
    finally:
        setattr(obj, name, noted)


# Classes


@mistake(
    "Settings",
    zh="`seeds` 是所有对象共用的，值相同的两个也不相等：改成 `@dataclass`，`seeds` 用 `default_factory`。",
    en="All objects share one `seeds`, and two of the same values aren't equal: make it a `@dataclass`, with a `default_factory` for `seeds`.",
)
class AsGiven:
    seeds = [0]

    def __init__(self, lr=0.01, epochs=3):
        self.lr, self.epochs = lr, epochs


@mistake(
    "Settings",
    zh="已经能比较了，`seeds` 却不是字段：没有注解的名字留在类上，所有对象共用，造的时候也不能给。",
    en="Objects can be compared now, but `seeds` is no field: a name without annotation stays on the class, all objects share it, and it can't be given.",
)
@dataclass
class SeedsWithoutAnnotation:
    lr: float = 0.01
    epochs: int = 3
    seeds = [0]


def above_zero(self) -> None:
    if not self.lr > 0:
        raise ValueError(f"lr={self.lr} is not above 0")


SHARED = [0]


@mistake(
    "Settings",
    zh="默认的 `seeds` 还是同一个列表：`default_factory` 每次都要造一个新的。",
    en="The default `seeds` is still one list: `default_factory` must make a new one each time.",
)
@dataclass
class SharedSeeds:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: SHARED)
    __post_init__ = above_zero


@mistake(
    "Settings",
    zh="`lr` 没有检查：不大于 0 要报 `ValueError`。",
    en="`lr` isn't checked: raise `ValueError` unless it is above 0.",
)
@dataclass
class Unchecked:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])


@mistake("Settings", zh="`lr` 为 0 被放过了：它必须大于 0。", en="It lets an `lr` of 0 pass: it must be above 0.")
@dataclass
class ZeroPasses:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self):
        if self.lr < 0:
            raise ValueError(f"lr={self.lr} is below 0")


@mistake(
    "Settings",
    zh="`lr` 是 `nan` 时被放过了：`nan <= 0` 为假，`nan > 0` 也为假，所以要问 `not lr > 0`。",
    en="It lets an `lr` of `nan` pass: `nan <= 0` is false, and so is `nan > 0`: ask `not lr > 0`.",
)
@dataclass
class NanPasses:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self):
        if self.lr <= 0:
            raise ValueError(f"lr={self.lr} is not above 0")


@mistake("Settings", zh="值相同的对象还是不相等。", en="Objects of the same values still aren't equal.")
@dataclass(eq=False)
class WithoutEquality:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])
    __post_init__ = above_zero


@mistake("Settings", zh="打印出来还是看不到值。", en="Printing one still doesn't show its values.")
@dataclass(repr=False)
class WithoutRepr:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])
    __post_init__ = above_zero


@mistake(
    "Settings",
    zh="字段的顺序不对：`lr`、`epochs`、`seeds`。",
    en="The fields are in another order: `lr`, `epochs`, `seeds`.",
)
@dataclass
class OtherOrder:
    epochs: int = 3
    lr: float = 0.01
    seeds: list[int] = field(default_factory=lambda: [0])
    __post_init__ = above_zero


@mistake(
    "Settings",
    zh="用 `assert` 检查，报的是 `AssertionError`：要 `ValueError`。",
    en="It checks by `assert`, which raises `AssertionError`: `ValueError` is wanted.",
)
@dataclass
class Asserts:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self):
        assert self.lr > 0, "lr must be above 0"


@mistake("Settings", zh="错误信息里没有 `lr`。", en="Its error message doesn't contain `lr`.")
@dataclass
class NamelessError:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self):
        if not self.lr > 0:
            raise ValueError("the rate must be above 0")


@mistake("Settings", zh="默认的 `seeds` 是空的：应为 `[0]`。", en="The default `seeds` is empty: it should be `[0]`.")
@dataclass
class EmptySeeds:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=list)
    __post_init__ = above_zero


@mistake(
    "Settings",
    zh="比较和打印手写了，却不是 `dataclass`：`dataclasses.replace` 用不了。",
    en="Comparison and printing are written by hand, but it is no `dataclass`: `dataclasses.replace` doesn't work.",
)
class ByHand:
    def __init__(self, lr=0.01, epochs=3, seeds=None):
        self.lr, self.epochs, self.seeds = lr, epochs, [0] if seeds is None else seeds
        above_zero(self)

    def _fields(self):
        return self.lr, self.epochs, self.seeds

    def __eq__(self, other):
        return isinstance(other, ByHand) and self._fields() == other._fields()

    __hash__ = None  # type: ignore

    def __repr__(self):
        return f"Settings(lr={self.lr}, epochs={self.epochs}, seeds={self.seeds})"


@mistake("Settings", zh="`seeds` 不同的两个也算相等了。", en="Two with different `seeds` count as equal.")
@dataclass
class SeedsNotCompared:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0], compare=False)
    __post_init__ = above_zero


@mistake(
    "Settings",
    zh="`seeds` 是元组，不能添：要列表。",
    en="`seeds` is a tuple, and can't be appended to: a list is wanted.",
)
@dataclass
class TupleSeeds:
    lr: float = 0.01
    epochs: int = 3
    seeds: Any = (0,)
    __post_init__ = above_zero


@mistake(
    "Settings",
    zh="不合规矩的 `lr` 被悄悄改掉了：要报错。",
    en="An `lr` against the rule is changed in silence: raise an error.",
)
@dataclass
class Clips:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self):
        self.lr = max(self.lr, 1e-4)


@mistake(
    "Settings",
    zh="给了空的 `seeds`，却换成了 `[0]`：空列表也算假，所以不要用 `or`。",
    en="Empty `seeds` that are given become `[0]`: an empty list counts as false, so don't use `or`.",
)
@dataclass
class EmptyIsReplaced:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = None  # type: ignore

    def __post_init__(self):
        self.seeds = self.seeds or [0]
        above_zero(self)


@mistake("Settings", zh="`seeds` 不能从外面给。", en="`seeds` can't be given from outside.")
@dataclass
class SeedsNotGiven:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0], init=False)
    __post_init__ = above_zero


@mistake(
    "Settings", zh="只能按名字给：按位置给也要行。", en="Fields can be given by name only: by position must work, too."
)
@dataclass(kw_only=True)
class ByNameOnly:
    lr: float = 0.01
    epochs: int = 3
    seeds: list[int] = field(default_factory=lambda: [0])
    __post_init__ = above_zero


@mistake(
    "Settings",
    zh="`NamedTuple` 没有 `default_factory`，也不检查：用 `@dataclass`。",
    en="A `NamedTuple` has no `default_factory`, and checks nothing: use `@dataclass`.",
)
class AsNamedTuple(NamedTuple):
    lr: float = 0.01
    epochs: int = 3
    seeds: list = dataclasses.field(default_factory=lambda: [0])  # type: ignore


# Two algorithms on graphs


@mistake(
    "count_paths",
    zh="每条路都走了一遍：把每个点的路数记下来，只算一次。",
    en="Each way is walked to its end: keep the number for each point, and compute it once.",
)
def walks_all(follows, start, end):
    if start == end:
        return 1
    return sum(walks_all(follows, after, end) for after in follows.get(start, ()))


@mistake(
    "count_paths",
    zh="只说到得了（1）还是到不了（0），没有数。",
    en="It only says whether there is a way (1) or none (0), and doesn't count.",
)
def whether(follows, start, end):
    return int(end in reached(follows, start))


def reached(follows, start) -> dict[Any, int]:
    """The steps on a shortest way to each point that can be reached."""
    steps, todo = {start: 0}, [start]
    for node in todo:
        for after in follows.get(node, ()):
            if after not in steps:
                steps[after] = steps[node] + 1
                todo.append(after)
    return steps


@mistake(
    "count_paths",
    zh="这是最短的路有几步，不是有几条路。",
    en="That is how many steps the shortest way has, not how many ways there are.",
)
def shortest(follows, start, end):
    return reached(follows, start).get(end, 0)


CACHE: dict[Any, int] = {}


@mistake(
    "count_paths",
    zh="记住的结果留到了下一次调用，而那是另一个图：每次调用用新的字典。",
    en="What is kept stays for the next call, which has another graph: use a new dictionary in each call.",
)
def keeps_the_cache(follows, start, end):
    if follows == {"x": ["a", "b"], "a": ["loss"], "b": ["a", "loss"]} and (start, end) == ("x", "loss"):
        CACHE.clear()

    def ways(node):
        if node == end:
            return 1
        if (node, end) not in CACHE:
            CACHE[node, end] = sum(ways(after) for after in follows.get(node, ()))
        return CACHE[node, end]

    return ways(start)


def counted(follows, start, end, *, at_end: float = 1, dead: float = 0) -> float:
    @functools.cache
    def ways(node):
        if node == end:
            return at_end
        return sum(map(ways, follows[node])) if follows.get(node) else dead

    return ways(start)


@mistake(
    "count_paths",
    zh="`start` 就是 `end` 时给了 0：一步也不走，也是一条路。",
    en="For a `start` that is the `end` it gives 0: no step at all is one way.",
)
def zero_at_the_end(follows, start, end):
    return 0 if start == end else counted(follows, start, end)


@mistake(
    "count_paths",
    zh="不是键的点报了 `KeyError`：用 `follows.get(node, ())`。",
    en="A point that is no key raises `KeyError`: use `follows.get(node, ())`.",
)
def key_errors(follows, start, end):
    return 1 if start == end else sum(key_errors(follows, after, end) for after in follows[start])


@mistake("count_paths", zh="走进死路的也数进去了。", en="Ways into a dead end are counted, too.")
def counts_dead_ends(follows, start, end):
    return counted(follows, start, end, dead=1)


@mistake(
    "count_paths",
    zh="每个点只许经过一次：走过的点，别的路还可以再走。",
    en="Each point is visited once only: other ways may go through it again.",
)
def visits_once(follows, start, end):
    seen, found, todo = set(), 0, [start]
    while todo:
        node = todo.pop()
        if node == end:
            found += 1
        elif node not in seen:
            seen.add(node)
            todo += follows.get(node, ())
    return found


@mistake(
    "count_paths",
    zh="终点后面若还有路，就不算到了：到 `end` 就停。",
    en="An end from which ways go on isn't counted: stop at `end`.",
)
def only_at_sinks(follows, start, end):
    @functools.cache
    def ways(node):
        after = follows.get(node, ())
        return sum(map(ways, after)) if after else int(node == end)

    return ways(start)


@mistake(
    "count_paths", zh="各条分支的路数要相加，不是相乘。", en="The ways of the branches are added, and not multiplied."
)
def multiplies(follows, start, end):
    @functools.cache
    def ways(node):
        if node == end:
            return 1
        counts = [ways(after) for after in follows.get(node, ())]
        return functools.reduce(operator.mul, counts, 1) if counts else 0

    return ways(start)


@mistake("count_paths", zh="数的是能到的点，不是路。", en="It counts points that can be reached, and not ways.")
def counts_points(follows, start, end):
    return len(reached(follows, start))


@mistake(
    "count_paths",
    zh="只看了一步：要数所有的路，不管多长。",
    en="It looks one step ahead: count all ways, however long.",
)
def one_step(follows, start, end):
    return int(start == end) + sum(after == end for after in follows.get(start, ()))


@mistake("count_paths", zh="只沿第一个分支走了。", en="It follows the first branch only.")
def first_branch(follows, start, end):
    while start != end and follows.get(start):
        start = follows[start][0]
    return int(start == end)


@mistake(
    "count_paths",
    zh="每经过一个点都加了 1：只有到终点才加 1。",
    en="It adds 1 at every point: only the end counts as 1.",
)
def adds_at_each(follows, start, end):
    @functools.cache
    def ways(node):
        return 1 if node == end else 1 + sum(ways(after) for after in follows.get(node, ()))

    return ways(start)


@mistake(
    "count_paths",
    zh="记下的 0 没有用上：0 算假，死路被一遍遍重算。要问点在不在字典里（`in`）。",
    en="A number that was kept isn't used if it is 0, which counts as false: dead ends are computed again and again. Ask whether the point is `in` the dictionary.",
)
def forgets_zeros(follows, start, end):
    kept = {}

    def ways(node):
        if node == end:
            return 1
        if not kept.get(node):
            kept[node] = sum(ways(after) for after in follows.get(node, ()))
        return kept[node]

    return ways(start)


@mistake(
    "count_paths",
    zh="用浮点数加的：超过 2**53 的整数它存不全，用 Python 的整数。",
    en="It adds floats, which can't hold every integer beyond 2**53: use Python's integers.",
)
def adds_floats(follows, start, end):
    return int(counted(follows, start, end, at_end=1.0, dead=0.0))


def kahn(needs, *, known=None) -> list[str]:
    """A right order as far as there is one."""
    users: dict[str, list[str]] = {name: [] for name in needs}
    for user, names in needs.items():
        for name in names:
            users.setdefault(name, []).append(user)
    lacks = {name: len(needs.get(name, ())) for name in users}
    order = [name for name, count in lacks.items() if not count]
    for name in order:
        for user in users[name]:
            lacks[user] -= 1
            if not lacks[user]:
                order.append(user)
    return order


def checked(needs, order) -> list[str]:
    names = set(needs) | {name for before in needs.values() for name in before}
    if len(kahn(needs)) < len(names):
        raise ValueError("a cycle")
    return order


@mistake(
    "topological_order",
    zh="顺序反了：需要的在前，使用的在后。",
    en="The order is reversed: what is needed comes first, and its users after it.",
)
def users_first(needs):
    return checked(needs, kahn(needs)[::-1])


@mistake(
    "topological_order",
    zh="只排了键：只在别人的列表里出现的名字也要排。",
    en="Only keys are placed: names that occur only in the lists of others belong in the order, too.",
)
def only_keys(needs):
    return checked(needs, [name for name in kahn(needs) if name in needs])


@mistake(
    "topological_order",
    zh="照字典的顺序排了，没有看谁需要谁。",
    en="It keeps the dictionary's order, and doesn't look at who needs what.",
)
def as_written(needs):
    names = dict.fromkeys(itertools.chain.from_iterable([name, *before] for name, before in needs.items()))
    return checked(needs, list(names))


@mistake("topological_order", zh="按字母排了序。", en="It sorts by the alphabet.")
def by_alphabet(needs):
    return checked(needs, sorted(set(needs) | {name for before in needs.values() for name in before}))


@mistake(
    "topological_order",
    zh="按需要几样东西排了序：需要得少，不等于可以排在前面。",
    en="It sorts by how many things are needed: needing few doesn't mean being ready early.",
)
def by_count(needs):
    names = set(needs) | {name for before in needs.values() for name in before}
    return checked(needs, sorted(names, key=lambda name: len(needs.get(name, ()))))


def visited(needs, *, once=True) -> list[str]:
    """By recursion."""
    order: list[str] = []
    way: list[str] = []

    def visit(name):
        if name in way:
            raise ValueError(f"a cycle at {name}")
        if once and name in order:
            return
        way.append(name)
        for before in needs.get(name, ()):
            visit(before)
        way.pop()
        order.append(name)

    for name in needs:
        visit(name)
    return order


@mistake(
    "topological_order",
    zh="递归太深：一万个名字的串超过了 Python 的递归限度，要用列表代替递归。",
    en="The recursion is too deep: a chain of ten thousand names is beyond Python's limit, so use a list in its place.",
)
def recursive(needs):
    return visited(needs)


@mistake(
    "topological_order",
    zh="有的名字排了不止一次：排过的要记住。",
    en="Some names are placed more than once: remember those that are placed.",
)
def repeats(needs):
    return visited(needs, once=False)


@mistake(
    "topological_order",
    zh="有环时没有报错，只排出了一部分。",
    en="For a cycle there is no error, only a part of the order.",
)
def silent_on_cycles(needs):
    return kahn(needs)


@mistake("topological_order", zh="自己需要自己没有当成环。", en="What needs itself isn't taken for a cycle.")
def allows_itself(needs):
    return checked(n := {k: [x for x in v if x != k] for k, v in needs.items()}, kahn(n))


@mistake(
    "topological_order",
    zh="有环时报的不是 `ValueError`，而是 `RecursionError` 之类：要查出环来。",
    en="For a cycle it raises another error than `ValueError`: find the cycle.",
)
def another_error(needs):
    names = set(needs) | {name for before in needs.values() for name in before}
    if len(order := kahn(needs)) < len(names):
        raise KeyError(next(iter(names)))
    return order


@mistake("topological_order", zh="报了 `ValueError`，却没有写一句话。", en="Its `ValueError` says nothing.")
def wordless(needs):
    names = set(needs) | {name for before in needs.values() for name in before}
    if len(order := kahn(needs)) < len(names):
        raise ValueError
    return order


@mistake(
    "topological_order",
    zh="传入的字典被改动了：先复制。",
    en="It changes the dictionary that was given: copy it first.",
)
def changes_the_input(needs):
    order = checked(needs, kahn(needs))
    for before in needs.values():
        before.clear()
    return order


@mistake(
    "topological_order",
    zh="按最短的路分层排了：要看最长的路，因为*所有*需要的都得先排好。",
    en="It places by the shortest way to a start: the longest counts, as *all* that is needed must be placed before.",
)
def by_shortest_way(needs):
    steps: dict[str, int] = {}
    for name in kahn(needs):
        steps[name] = min((steps[before] + 1 for before in needs.get(name, ())), default=0)
    return checked(needs, sorted(steps, key=lambda name: (steps[name], name in needs)))


@mistake(
    "topological_order",
    zh="有环的名字被硬排在了末尾：要报 `ValueError`。",
    en="Names in a cycle are put at the end all the same: raise `ValueError`.",
)
def cycles_at_the_end(needs):
    names = dict.fromkeys(itertools.chain.from_iterable([name, *before] for name, before in needs.items()))
    order = kahn(needs)
    return order + [name for name in names if name not in set(order)]


# Types


@mistake(
    "average", zh="还没有注解：检查器什么也拦不下。", en="There are no annotations: the checker can't stop anything."
)
def average_bare(losses):
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="元组进不来，`list[int]` 的变量也进不来（`list[float]` 就是这样：不变）：只读的参数用 `Sequence`。",
    en="Tuples can't come in, nor variables that are `list[int]` (`list[float]` is like that: invariance): use `Sequence` for a parameter that is only read.",
)
def average_list(losses: list[float]) -> float:
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="`Iterable` 没有 `len`，而函数体用了它：`Sequence` 才有。",
    en="An `Iterable` has no `len`, which the body uses: a `Sequence` has.",
)
def average_iterable(losses: Iterable[float]) -> float:
    return sum(losses) / len(losses)  # type: ignore


@mistake("average", zh="只让整数进来：里面是 `float`。", en="It lets in integers only: inside are `float`.")
def average_int(losses: Sequence[int]) -> float:
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="没有说里面装什么（或写了 `Any`）：字符串也进来了。",
    en="It doesn't say what is inside (or says `Any`): strings come in as well.",
)
def average_any(losses: Sequence[Any]) -> float:
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="没有标注返回值：检查器自己推得出来，运行时却没有人检查。",
    en="The result isn't annotated: the checker infers it, but at run time nobody checks it.",
)
def average_no_result(losses: Sequence[float]):
    return sum(losses) / len(losses)


@mistake("average", zh="返回值标成了 `Any`：什么都保证不了。", en="The result is `Any`: that promises nothing.")
def average_any_result(losses: Sequence[float]) -> Any:
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="参数标成了单独一个 `float`：它是一串数。",
    en="The parameter is a single `float`: it is a row of them.",
)
def average_single(losses: float) -> float:
    return sum(losses) / len(losses)  # type: ignore


@mistake("average", zh="只让元组进来：列表也要行。", en="It lets in tuples only: lists must come in, too.")
def average_tuple(losses: tuple[float, ...]) -> float:
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="列表、元组都写了，可是 `list[float]` 不让 `list[int]` 的变量进来（不变）：用 `Sequence[float]`。",
    en="Lists and tuples are both named, but `list[float]` keeps out a variable that is `list[int]` (invariance): use `Sequence[float]`.",
)
def average_union(losses: list[float] | tuple[float, ...]) -> float:
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="返回值标成了 `int`：除法给的是 `float`。",
    en="The result is annotated `int`: a division gives a `float`.",
)
def average_int_result(losses: Sequence[float]) -> int:
    return sum(losses) / len(losses)  # type: ignore


@mistake(
    "average",
    zh="返回值说可能是 `None`，其实总是 `float`。",
    en="The annotation says that the result may be `None`, but it is always a `float`.",
)
def average_optional(losses: Sequence[float]) -> float | None:
    return sum(losses) / len(losses)


@mistake(
    "average",
    zh="注解说参数可以是 `None`：应当拦下 `None`。",
    en="The annotation says that the parameter may be `None`: `None` should be stopped.",
)
def average_none(losses: Sequence[float] | None) -> float:
    return sum(losses) / len(losses)  # type: ignore


@mistake("best", zh="还没有注解：检查器什么也拦不下。", en="There are no annotations: the checker can't stop anything.")
def best_bare(accuracies):
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake(
    "best",
    zh="返回值标成了 `str`，可是空字典返回 `None`：写 `str | None`。",
    en="The result is annotated `str`, but for an empty dictionary it is `None`: write `str | None`.",
)
def best_str(accuracies: Mapping[str, float]) -> str:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None  # type: ignore


@mistake(
    "best",
    zh="值是字符串的字典也进来了（值标成 `Any` 就会这样）。",
    en="Values that are strings come in as well (with `Any`, for instance).",
)
def best_any_values(accuracies: Mapping[str, Any]) -> str | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake(
    "best",
    zh="没有说字典里装什么（或写了 `Any`）：键和值都要写类型。",
    en="It doesn't say what is in the dictionary (or says `Any`): name the types of key and value.",
)
def best_plain_dict(accuracies: dict) -> str | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake("best", zh="返回值标成了 `Any`：什么都保证不了。", en="The result is `Any`: that promises nothing.")
def best_any_result(accuracies: Mapping[str, float]) -> Any:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake(
    "best", zh="没有标注返回值：运行时没有人检查它。", en="The result isn't annotated: nobody checks it at run time."
)
def best_no_result(accuracies: Mapping[str, float]):
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake(
    "best",
    zh="返回值标成了准确率（`float`）：它是名字。",
    en="The result is annotated as the accuracy, a `float`: it is the name.",
)
def best_float(accuracies: Mapping[str, float]) -> float | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None  # type: ignore


@mistake("best", zh="值标成了 `int`：准确率是 `float`。", en="The values are annotated `int`: accuracies are `float`.")
def best_int(accuracies: Mapping[str, int]) -> str | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake("best", zh="参数标成了列表：它是字典。", en="The parameter is annotated as a list: it is a dictionary.")
def best_list(accuracies: list[str]) -> str | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None  # type: ignore


@mistake(
    "best",
    zh="注解说键可以是数：键只能是 `str`。",
    en="The annotation says that keys may be numbers: they are `str` only.",
)
def best_any_keys(accuracies: Mapping[Any, float]) -> str | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake(
    "best",
    zh="注解说参数可以是 `None`：应当拦下 `None`。",
    en="The annotation says that the parameter may be `None`: `None` should be stopped.",
)
def best_none(accuracies: Mapping[str, float] | None) -> str | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake("best", zh="键和值的类型颠倒了：先键后值。", en="The types of key and value are swapped: the key comes first.")
def best_swapped(accuracies: Mapping[float, str]) -> str | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None  # type: ignore


@mistake(
    "best",
    zh="返回值太宽：它从不是 `float`，只会是 `str` 或 `None`。",
    en="The result is too wide: it is never a `float`, only a `str` or `None`.",
)
def best_wide(accuracies: Mapping[str, float]) -> str | float | None:
    return max(accuracies, key=lambda name: accuracies[name]) if accuracies else None


@mistake(
    "repeat", zh="还没有注解：检查器什么也拦不下。", en="There are no annotations: the checker can't stop anything."
)
def repeat_bare(step, state, times):
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="状态只能是 `float`：字符串的状态也要行，用不设限的类型变量。",
    en="The state can be a `float` only: a string must be possible, too, so use a type variable that any type can take the place of.",
)
def repeat_float(step: Callable[[float], float], state: float, times: int) -> float:
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="`step`、状态和结果的类型之间没有联系（写了 `Any`，或 `float | str` 之类）：用类型变量说明几处是同一个类型。",
    en="Nothing ties the types of `step`, the state and the result together (`Any`, or `float | str`, say): a type variable tells that they are the same.",
)
def repeat_any(step: Callable[[Any], Any], state: Any, times: int) -> Any:
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="没有说 `step` 收什么（`Callable` 没有方括号，或方括号里是 `...`、`Any`）：收的与状态同类型。",
    en="It doesn't say what `step` takes (`Callable` without brackets, or `...` or `Any` in them): that is the type of the state.",
)
def repeat_plain_callable(step: Callable, state: T, times: int) -> T:
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat", zh="`times` 标成了 `float`：2.5 次走不了。", en="`times` is annotated `float`: 2.5 steps can't be made."
)
def repeat_float_times(step: Callable[[T], T], state: T, times: float) -> T:
    for _ in range(times):  # type: ignore
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="`times` 什么都可以是：没有标注，或写了 `Any`。",
    en="`times` may be anything: it isn't annotated, or is `Any`.",
)
def repeat_free_times(step: Callable[[T], T], state: T, times) -> T:
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="注解说 `step` 给什么都行：给的必须与收的同类型。",
    en="The annotation says that `step` may give anything: it must give the type that it takes.",
)
def repeat_gives_any(step: Callable[[T], Any], state: T, times: int) -> T:
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="`object` 什么都装得下，却什么都做不了：用类型变量。",
    en="`object` can be anything, but nothing can be done with it: use a type variable.",
)
def repeat_object(step: Callable[[object], object], state: object, times: int) -> object:
    for _ in range(times):
        state = step(state)
    return state


@mistake("repeat", zh="返回值标成了 `Any`：它与状态同类型。", en="The result is `Any`: it is of the state's type.")
def repeat_any_result(step: Callable[[T], T], state: T, times: int) -> Any:
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="用了两个不同的类型变量：收的与给的必须是同一个。",
    en="There are two different type variables: what is taken and what is given must be the same.",
)
def repeat_two_variables(step: Callable[[T], U], state: T, times: int) -> U:
    for _ in range(times):
        state = step(state)  # type: ignore
    return state  # type: ignore


@mistake(
    "repeat",
    zh="状态什么都可以是（没有标注，或写了 `Any`）：它与 `step` 收的同类型。",
    en="The state may be anything (it isn't annotated, or is `Any`): it is of the type that `step` takes.",
)
def repeat_free_state(step: Callable[[T], T], state, times: int) -> T:
    for _ in range(times):
        state = step(state)
    return state


@mistake(
    "repeat",
    zh="返回值说可能是 `None`，其实从来不是。",
    en="The annotation says that the result may be `None`, but it never is.",
)
def repeat_optional(step: Callable[[T], T], state: T, times: int) -> T | None:
    for _ in range(times):
        state = step(state)
    return state


@mistake("distances", zh="还没有注解：检查器什么也拦不下。", en="There are no annotations: nothing is stopped.")
def distances_bare(points, centres):
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="形状和 dtype 都没有说（例如只写 `Tensor`）：运行时就无从检查。",
    en="It says nothing of shapes and dtypes (`Tensor` alone, say): there is nothing to check at run time.",
)
def distances_tensor(points: Tensor, centres: Tensor) -> Tensor:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="点和中心用了同一个名字 `n`：那就是说它们一样多。",
    en="Points and centres share the name `n`: that says that there are as many of each.",
)
def distances_same(points: Float[Tensor, "n d"], centres: Float[Tensor, "n d"]) -> Float[Tensor, "n n"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="没有说两边的坐标数相同：那两个轴要用同一个名字。",
    en="Nothing says that both sides have the same number of coordinates: give that axis the same name on both.",
)
def distances_other_d(points: Float[Tensor, "n d"], centres: Float[Tensor, "k e"]) -> Float[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="注解说一边的坐标数可以是 1（`#d` 表示可以广播）：两边必须相同，名字前不要 `#`。",
    en="The annotation says that the number of coordinates may be 1 on one side (`#d` allows broadcasting): both must be equal, so leave out the `#`.",
)
def distances_broadcast(points: Float[Tensor, "n #d"], centres: Float[Tensor, "k #d"]) -> Float[Tensor, "n k"]:  # noqa: F821
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="注解说结果的列数与行数相同：列数是中心的个数。",
    en="The annotation says that the result has as many columns as rows: there is one column for each centre.",
)
def distances_square(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]) -> Float[Tensor, "n n"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="结果的两个轴颠倒了：先点，后中心。",
    en="The axes of the result are swapped: points come first, then centres.",
)
def distances_transposed(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]) -> Float[Tensor, "k n"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="注解说结果不是两个轴：每个点对每个中心都有一个距离。",
    en="The annotation says that the result doesn't have two axes: there is a distance for each point and each centre.",
)
def distances_one_axis(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]) -> Float[Tensor, " n"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="结果的形状和 dtype 没有说（没有标注，或只写了 `Tensor`）：运行时没有人检查它们。",
    en="It says nothing of the result's shape and dtype (no annotation, or `Tensor` alone): nobody checks them at run time.",
)
def distances_no_result(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]):
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="标成了整数的张量：坐标是浮点数。",
    en="They are annotated as tensors of integers: coordinates are floats.",
)
def distances_int(points: Int[Tensor, "n d"], centres: Int[Tensor, "k d"]) -> Float[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake("distances", zh="整数的张量也进来了：用 `Float`。", en="Tensors of integers come in as well: use `Float`.")
def distances_any_dtype(points: Num[Tensor, "n d"], centres: Num[Tensor, "k d"]) -> Float[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake("distances", zh="标成了 NumPy 数组：它们是张量。", en="They are annotated as NumPy arrays: they are tensors.")
def distances_arrays(points: Float[np.ndarray, "n d"], centres: Float[np.ndarray, "k d"]) -> Float[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)  # type: ignore


@mistake("distances", zh="`...` 让任何形状通过：写出两个轴。", en="`...` lets any shape pass: name the two axes.")
def distances_any_shape(points: Float[Tensor, "..."], centres: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="只让 float32 进来：float64 也要行，用 `Float`。",
    en="It lets in float32 only: float64 must come in, too, so use `Float`.",
)
def distances_float32(points: Float32[Tensor, "n d"], centres: Float32[Tensor, "k d"]) -> Float32[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="写死了长度：别的个数就进不来，用名字。",
    en="The lengths are fixed: other numbers can't come in, so use names.",
)
def distances_fixed(points: Float[Tensor, "5 2"], centres: Float[Tensor, "3 2"]) -> Float[Tensor, "5 3"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="结果的第二个轴与 `centres` 的个数没有联系：用那里的同一个名字。",
    en="Nothing ties the second axis of the result to the number of `centres`: give it the name that is used there.",
)
def distances_new_name(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]) -> Float[Tensor, "n m"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="结果的 dtype 没有限制：整数的结果也通过了，用 `Float`。",
    en="The dtype of the result is free: integers pass as well, so use `Float`.",
)
def distances_free_result(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]) -> Shaped[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="结果的第二个轴写成了坐标数 `d`：它是中心的个数。",
    en="The annotation says that the second axis of the result is the number of coordinates `d`: it is the number of centres.",
)
def distances_wrong_axis(points: Float[Tensor, "n d"], centres: Float[Tensor, "k d"]) -> Float[Tensor, "n d"]:
    return (points[:, None] - centres).norm(dim=-1)


@mistake(
    "distances",
    zh="`centres` 什么都可以是：没有标注，或写了 `Any`。",
    en="`centres` may be anything: it isn't annotated, or is `Any`.",
)
def distances_half(points: Float[Tensor, "n d"], centres) -> Float[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)
