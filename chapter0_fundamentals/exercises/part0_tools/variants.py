"""Right answers of day 0's tools, each written in another way; the tests accept them all."""

import collections
import collections.abc
import contextlib
import copy
import functools
import graphlib
import itertools
import math
import operator
import re
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Optional, Protocol, TypeVar, Union

import numpy as np
import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from coach import variant

T = TypeVar("T")
State = TypeVar("State")
Row = list[float] | list[int] | tuple[float, ...]
Points = Float[Tensor, "n d"]


@variant("record")
def record_in_one(loss, history=None):
    if history is None:
        return [loss]
    history += [loss]
    return history


NOTHING: Any = object()


@variant("record")
def record_by_a_mark(loss, history=NOTHING):
    if history is NOTHING or history is None:
        history = list()
    history.extend((loss,))
    return history


@variant("record")
def record_by_name(loss, history: Any = ()):
    history = [] if history == () or history is None else history
    history.insert(len(history), loss)
    return history


@variant("vocabulary")
def vocabulary_by_loops(texts):
    seen = []
    for text in texts:
        for character in text:
            if character not in seen:
                seen.append(character)
    seen.sort()
    numbers = {}
    for character in seen:
        numbers[character] = len(numbers)
    return numbers


@variant("vocabulary")
def vocabulary_by_zip(texts):
    characters = sorted(set().union(*texts))
    return dict(zip(characters, itertools.count(), strict=False))


@variant("vocabulary")
def vocabulary_ordered(texts):
    joined = sorted(set("".join(texts)))
    return OrderedDict((c, joined.index(c)) for c in joined)


@variant("vocabulary")
def vocabulary_backwards(texts):
    numbers = {c: i for i, c in enumerate(sorted(Counter(itertools.chain.from_iterable(texts))))}
    return dict(reversed(numbers.items()))


@variant("range_sums")
def range_sums_by_loop(values, ranges):
    sums = [0]
    for value in values:
        sums.append(sums[-1] + value)
    found = []
    for start, stop in ranges:
        found.append(sums[stop] - sums[start])
    return found


@variant("range_sums")
def range_sums_by_numpy(values, ranges):
    sums = np.concatenate([[0], np.cumsum(np.asarray(values, dtype=np.int64))])
    return [int(sums[stop] - sums[start]) for start, stop in ranges]


@variant("range_sums")
def range_sums_by_torch(values, ranges):
    sums = torch.cat([torch.zeros(1, dtype=torch.int64), torch.tensor(list(map(int, values))).long().cumsum(0)])
    return [(sums[stop] - sums[start]).item() for start, stop in ranges]


@variant("range_sums")
def range_sums_without_a_zero(values, ranges):
    sums = list(itertools.accumulate(values))

    def before(place: int) -> int:
        return sums[place - 1] if place else 0

    return [before(stop) - before(start) for start, stop in ranges]


@variant("range_sums")
def range_sums_of_numpy_integers(values, ranges):
    sums = np.cumsum([0, *map(int, values)])
    return [sums[b] - sums[a] for a, b in ranges]


@variant("range_sums")
def range_sums_from_the_back(values, ranges):
    sums = [0, *itertools.accumulate(reversed(values))][::-1]
    return [sums[a] - sums[b] for a, b in ranges]


@variant("scalers")
def scalers_by_default(factors):
    return [lambda x, factor=factor: factor * x for factor in factors]


@variant("scalers")
def scalers_by_partial(factors):
    return [functools.partial(operator.mul, factor) for factor in factors]


class Scaler:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: float) -> float:
        return x * self.factor


@variant("scalers")
def scalers_by_class(factors):
    return list(map(Scaler, factors))


@variant("scalers")
def scalers_by_method(factors):
    return tuple(float(factor).__mul__ for factor in tuple(factors))


@variant("scalers")
def scalers_by_loop(factors):
    made = []

    def add(factor):
        def times(number):
            return number * factor

        made.append(times)

    for factor in factors:
        add(factor)
    return made


@variant("retry")
def retry_by_while(times, error):
    def decorate(function):
        def call(*args, **kwargs):
            attempt = 1
            while True:
                try:
                    return function(*args, **kwargs)
                except error:
                    if attempt == times:
                        raise
                    attempt += 1

        return functools.update_wrapper(call, function)

    return decorate


@variant("retry")
class RetryClass:
    def __init__(self, times, error):
        self.times, self.error = times, error

    def __call__(self, function):
        @functools.wraps(function)
        def call(*a, **k):
            last = None
            for _ in range(self.times):
                try:
                    result = function(*a, **k)
                except self.error as caught:
                    last = caught
                    continue
                return result
            assert last
            raise last

        return call


@variant("retry")
def retry_by_recursion(times, error):
    def decorate(function):
        def call(*args, **kwargs):
            return attempt(times, args, kwargs)

        def attempt(left, args, kwargs):
            try:
                return function(*args, **kwargs)
            except error:
                if left <= 1:
                    raise
                return attempt(left - 1, args, kwargs)

        call.__name__, call.__doc__ = function.__name__, function.__doc__
        return call

    return decorate


@variant("retry")
def retry_by_partial(times, error):
    return functools.partial(_retried, times, error)


def _retried(times, error, function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        for attempt in range(1, times + 1):
            try:
                return function(*args, **kwargs)
            except Exception as caught:
                if not isinstance(caught, error) or attempt >= times:
                    raise caught

    return call


@variant("batches")
def batches_by_append(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


@variant("batches")
def batches_by_copy(items, size):
    batch = []
    for item in items:
        batch += [item]
        if len(batch) >= size:
            yield batch[:]
            batch.clear()
    if len(batch) > 0:
        yield batch.copy()


@variant("batches")
class BatchesClass:
    def __init__(self, items, size):
        self.items, self.size = iter(items), size

    def __iter__(self):
        return self

    def __next__(self):
        batch = [item for item, _ in zip(itertools.islice(self.items, self.size), itertools.repeat(0), strict=False)]
        if not batch:
            raise StopIteration
        return batch


@variant("batches")
def batches_by_iter(items, size):
    items = iter(items)
    return iter(lambda: list(itertools.islice(items, size)), [])


@variant("batches")
def batches_by_next(items, size):
    iterator = iter(items)
    end = object()
    while True:
        batch = []
        while len(batch) < size and (item := next(iterator, end)) is not end:
            batch.append(item)
        if not batch:
            return
        yield batch


@variant("batch_that_fits")
def fits_by_return(sizes, fits):
    for size in sizes:
        if fits(size):
            return size
    raise ValueError(f"none of {sizes} fits: buy memory")


@variant("batch_that_fits")
def fits_by_next(sizes, fits):
    try:
        return next(filter(fits, sizes))
    except StopIteration:
        raise ValueError("nothing fits") from None


@variant("batch_that_fits")
def fits_by_flag(sizes, fits):
    found = None
    for size in list(sizes):
        if fits(size):
            found = size
            break
    if found is None:
        raise ValueError("nothing fits")
    return found


class NothingFits(ValueError):
    pass


@variant("batch_that_fits")
def fits_with_its_own_error(sizes, fits):
    iterator = iter(sizes)
    while (size := next(iterator, None)) is not None:
        if fits(size):
            return int(size)
    raise NothingFits("no room")


@variant("parse_setting")
def parse_by_split(text):
    parts = text.split("=", 1)
    if len(parts) != 2 or not parts[0].strip():
        raise ValueError(f"{text} is no setting, a setting is lr=0.1")
    try:
        return parts[0].strip(), float(parts[1])
    except ValueError as e:
        raise ValueError(f"in {text}: {parts[1]} is no number, write e.g. lr=0.1") from e


@variant("parse_setting")
def parse_by_pattern(text):
    found = re.fullmatch(r"\s*([^=]*?)\s*=\s*(.*?)\s*", text, re.DOTALL)
    if not found or not found[1]:
        raise ValueError("setting " + repr(text) + " should look like 'lr=0.1'")
    name, value = found.groups()
    try:
        number = float(value)
    except ValueError as why:
        error = ValueError(f"setting {text!r} should look like 'lr=0.1'")
        error.__cause__ = why
        raise error  # noqa: B904
    return name, number


class SettingError(ValueError):
    def __init__(self, text: str) -> None:
        super().__init__(f"设置 “{text}” 读不懂，应写成 lr=0.1")


@variant("parse_setting")
def parse_by_index(text):
    try:
        place = text.index("=")
        name = text[:place].strip()
        if name == "":
            raise ValueError("empty")
        return [name, np.float64(float(text[place + 1 :].strip()))]
    except ValueError as error:
        raise SettingError(text) from error


@variant("parse_setting")
def parse_as_given(text):
    """With the text itself in its words, where others have its `repr`."""
    name, *values = text.split("=")
    if len(values) != 1 or not name.strip():
        raise ValueError("not of the form lr=0.1: " + text)
    try:
        return name.strip(), float(values[0].strip())
    except ValueError as error:
        raise ValueError("not of the form lr=0.1: " + text) from error


@variant("parse_setting")
def parse_with_context(text):
    name, sign, value = text.partition("=")
    name = name.strip()
    if not (name and sign):
        raise ValueError(f"{text}?! lr=0.1 !")
    try:
        value = float(value)
    except ValueError as error:
        raise ValueError(f"{text}?! lr=0.1 !").with_traceback(None) from error
    else:
        return name, value


class Temporarily:
    def __init__(self, obj, name, value):
        self.obj, self.name, self.value = obj, name, value

    def __enter__(self):
        self.before = getattr(self.obj, self.name)
        setattr(self.obj, self.name, self.value)
        return self.obj

    def __exit__(self, kind, error, traceback):
        setattr(self.obj, self.name, self.before)
        return False


variant("temporarily", Temporarily, name="by_a_class")


@variant("temporarily")
def temporarily_function(obj, name, value) -> AbstractContextManager:
    return Temporarily(obj, name, value)


@variant("temporarily")
@contextlib.contextmanager
def temporarily_by_a_stack(obj, name, value):
    with contextlib.ExitStack() as stack:
        stack.callback(setattr, obj, name, getattr(obj, name))
        setattr(obj, name, value)
        yield obj


@variant("temporarily")
@contextlib.contextmanager
def temporarily_by_except(obj, name, value):
    old = getattr(obj, name)
    obj.__setattr__(name, value)
    try:
        yield value
    except BaseException:
        setattr(obj, name, old)
        raise
    setattr(obj, name, old)


@variant("Settings")
@dataclass(frozen=True)
class FrozenSettings:
    lr: float = 1e-2
    epochs: int = 3
    seeds: list[int] = field(default_factory=[0].copy)

    def __post_init__(self) -> None:
        if self.lr != self.lr or self.lr <= 0:
            raise ValueError("lr must be positive")


def _zero() -> list[int]:
    return [0]


@variant("Settings")
@dataclass(slots=True, order=True)
class SlotSettings:
    lr: float = 0.01
    epochs: int = 3
    seeds: list = field(default_factory=_zero)

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise ValueError(f"learning rate lr = {self.lr}")


@dataclass
class BaseSettings:
    lr: float = 0.01
    epochs: int = 3

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise ValueError(f"lr={self.lr}")


@variant("Settings")
@dataclass
class ChildSettings(BaseSettings):
    seeds: list[int] = field(default_factory=lambda: [0])


@variant("Settings")
@dataclass
class OptionalSeeds:
    lr: float = 0.01
    epochs: int = 3
    seeds: Any = None

    def __post_init__(self) -> None:
        self.seeds = [0] if self.seeds is None else self.seeds
        if self.lr <= 0 or math.isnan(self.lr):
            raise ValueError("lr")


@variant("count_paths")
def count_by_a_dictionary(follows, start, end):
    known = {end: 1}

    def count(node):
        if node not in known:
            known[node] = 0
            for after in follows.get(node, []):
                known[node] += count(after)
        return known[node]

    return count(start)


@variant("count_paths")
def count_forwards(follows, start, end):
    """Along a topological order, without recursion."""
    reached, todo = {start}, [start]
    while todo:
        for after in follows.get(todo.pop(), ()):
            if after not in reached:
                reached.add(after)
                todo.append(after)
    lacks = Counter(after for node in reached for after in follows.get(node, ()))
    ways, ready = Counter({start: 1}), deque([start])
    while ready:
        node = ready.popleft()
        for after in follows.get(node, ()):
            ways[after] += ways[node]
            lacks[after] -= 1
            if not lacks[after]:
                ready.append(after)
    return ways[end]


@variant("count_paths")
def count_by_matrix(follows, start, end):
    names = list(dict.fromkeys([start, end, *follows, *itertools.chain.from_iterable(follows.values())]))
    place = {name: i for i, name in enumerate(names)}
    ways = [0] * len(names)
    ways[place[start]] = 1
    total = int(start == end)
    edges = [(place[a], place[b]) for a, after in follows.items() for b in after]
    while any(ways):
        step = [0] * len(names)
        for a, b in edges:
            step[b] += ways[a]
        ways = step
        total += ways[place[end]]
    return total


@variant("count_paths")
def count_with_lru_cache(follows, start, end):
    @functools.lru_cache(maxsize=None)  # noqa: UP033
    def count(node):
        return 1 if node == end else sum(count(after) for after in follows.get(node, []))

    return count(start)


@variant("topological_order")
def order_by_graphlib(needs):
    return list(graphlib.TopologicalSorter(needs).static_order())


@variant("topological_order")
def order_by_stack(needs):
    """Depth first, with a list in place of the recursion."""
    order, state = [], {}
    for root in needs:
        todo = [(root, False)]
        while todo:
            name, done = todo.pop()
            if done:
                state[name] = "done"
                order.append(name)
                continue
            if state.get(name) == "done":
                continue
            if state.get(name) == "open":
                raise ValueError(f"cycle at {name}")
            state[name] = "open"
            todo.append((name, True))
            for before in needs.get(name, ()):
                if state.get(before) == "open":
                    raise ValueError(f"cycle at {before}")
                if state.get(before) != "done":
                    todo.append((before, False))
    return order


@variant("topological_order")
def order_by_queue(needs):
    left = {name: set(before) for name, before in needs.items()}
    users = collections.defaultdict(set)
    for name, before in needs.items():
        for one in before:
            left.setdefault(one, set())
            users[one].add(name)
    ready, order = deque(name for name in left if not left[name]), []
    while ready:
        order.append(name := ready.pop())
        for user in users[name]:
            left[user].discard(name)
            if not left[user]:
                ready.appendleft(user)
    if len(order) != len(left):
        raise ValueError("there is a cycle")
    return tuple(order)


@variant("topological_order")
def order_on_a_copy(needs):
    needs = copy.deepcopy(dict(needs))
    for name in {x for before in needs.values() for x in before} - set(needs):
        needs[name] = []
    found = order_by_queue(needs)
    return list(found)


# Types: bodies as given, annotations of many forms


@variant("average")
def average_collection(losses: Collection[float]) -> float:
    return sum(losses) / len(losses)


@variant("average")
def average_alias(losses: Row) -> float:
    return sum(losses) / len(losses)


@variant("average")
def average_union_of_ints(losses: Sequence[int] | Sequence[float]) -> float:
    return sum(losses) / len(losses)


@variant("average")
def average_strings(losses: "Sequence[float]") -> "float":
    return sum(losses) / len(losses)


@variant("average")
def average_old_union(losses: Union[Sequence[float], Sequence[int]]) -> float:  # noqa: UP007
    return sum(losses) / len(losses)


Number = TypeVar("Number", int, float)


@variant("average")
def average_variable(losses: Sequence[Number]) -> float:
    return sum(losses) / len(losses)


@variant("average")
def average_inner_import(losses: collections.abc.Sequence[float]) -> float:
    return sum(losses) / len(losses)


@variant("best")
def best_dict(accuracies: dict[str, float]) -> str | None:
    if not accuracies:
        return None
    return max(accuracies, key=lambda name: accuracies[name])


@variant("best")
def best_optional(accuracies: Mapping[str, float]) -> Optional[str]:  # noqa: UP045
    if not accuracies:
        return None
    return max(accuracies, key=lambda name: accuracies[name])


@variant("best")
def best_union(accuracies: Mapping[str, float]) -> Union[None, str]:  # noqa: UP007
    if not accuracies:
        return None
    return max(accuracies, key=lambda name: accuracies[name])


Name = TypeVar("Name", bound=str)


@variant("best")
def best_variable(accuracies: Mapping[Name, float]) -> Name | None:
    if not accuracies:
        return None
    return max(accuracies, key=lambda name: accuracies[name])


@variant("best")
def best_int_or_float(accuracies: "Mapping[str, int | float]") -> "str | None":
    if not accuracies:
        return None
    return max(accuracies, key=lambda name: accuracies[name])


@variant("repeat")
def repeat_state(step: Callable[[State], State], state: State, times: int) -> State:
    for _ in range(times):
        state = step(state)
    return state


class Step(Protocol[T]):
    def __call__(self, state: T, /) -> T: ...


@variant("repeat")
def repeat_protocol(step: Step[T], state: T, times: int) -> T:
    for _ in range(times):
        state = step(state)
    return state


Either = TypeVar("Either", float, str)


@variant("repeat")
def repeat_constrained(step: Callable[[Either], Either], state: Either, times: int) -> Either:
    for _ in range(times):
        state = step(state)
    return state


@variant("repeat")
def repeat_strings(step: "Callable[[T], T]", state: "T", times: "int") -> "T":
    for _ in range(times):
        state = step(state)
    return state


Move = Callable[[T], T]


@variant("repeat")
def repeat_generic_alias(step: Move[T], state: T, times: int) -> T:
    for _ in range(times):
        state = step(state)
    return state


@variant("distances")
def distances_named(
    a: Float[Tensor, "points dims"], b: Float[Tensor, "centres dims"]
) -> Float[Tensor, "points centres"]:
    return (a[:, None] - b).norm(dim=-1)


@variant("distances")
def distances_torch(
    points: Float[torch.Tensor, "n d"], centres: Float[torch.Tensor, "k d"]
) -> Float[torch.Tensor, "n k"]:
    return torch.cdist(points, centres)


@variant("distances")
def distances_inexact(points: Inexact[Tensor, "n d"], centres: Inexact[Tensor, "k d"]) -> Inexact[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)


@variant("distances")
def distances_alias(points: Points, centres: Float[Tensor, "k d"]) -> Float[Tensor, "n k"]:
    return (points[:, None] - centres).norm(dim=-1)


@variant("distances")
def distances_strings(points: "Float[Tensor, 'n d']", centres: "Float[Tensor, 'k d']") -> "Float[Tensor, 'n k']":
    return (points[:, None] - centres).norm(dim=-1)
