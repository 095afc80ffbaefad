"""What the tests of this lesson share: the learner's function, called by real ranks, and what is said of how they end."""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from coach import case, close, holds
from coach.judging.compare import OBSERVERS, Wrong
from coach.judging.reading import is_the_learners
from coach.words import say
from part4_distributed import ranks
from part4_distributed.ranks import COLLECTIVES, POINT_TO_POINT, RANKS, Ended

HELPERS = {"ranks.py", "trials.py", "tests.py"}
ABORTED = -6  # what gloo does to a process that is sent more than it has room for
UNEQUAL = (
    "：收到的消息比备好的张量长（收和发的大小或类型不一样，或者两次通信对错了位）",
    ": a message was longer than the tensor it was received into (the sizes or dtypes of send and receive differ, or a send met another receive than it was meant for)",
)


def raw(function: Any) -> Any:
    """The learner's own function or class, without what watches its calls in this process."""
    return function.__bases__[0] if inspect.isclass(function) else getattr(function, "__wrapped__", function)


def results(world_size: int, body: Callable, function: Any, *args: Any, seconds: float = 20) -> list[Any]:
    """What `body(function, *args)` returns in each rank; raises what a rank raised, or says who waits for whom."""
    quiet = 0.3 if OBSERVERS else ranks.QUIET
    ended = ranks.together(world_size, body, raw(function), *args, seconds=seconds, quiet=quiet)
    if all(one.done for one in ended):
        return [one.result for one in ended]
    cause = ranks.culprit(ended)
    seen(
        "ended",
        ["mismatch"]
        if cut_off(cause)
        else [kind_of(cause), *where(cause)]
        if cause
        else [[*one.trail[:1], one.at] for one in ended],
    )
    if cause is None:
        raise Wrong(stuck(ended))
    if cause.failure is None:
        zh, en = f"rank {cause.rank} 的进程死了", f"rank {cause.rank} died"
        if cause.died == ABORTED:
            raise Wrong(say(zh=zh, en=en) + say(zh=UNEQUAL[0], en=UNEQUAL[1]))
        raise Wrong(say(zh=f"{zh}（退出码 {cause.died}）", en=f"{en} (exit code {cause.died})"))
    with case(zh=f"rank {cause.rank}（共 {world_size} 个）", en=f"rank {cause.rank} of {world_size}"):
        replay(cause)
    raise AssertionError


def cut_off(one: Ended | None) -> bool:
    """Whether it was aborted by gloo, or lost the connection to one that was: which of both is a matter of luck."""
    lost = one and one.failure and one.failure.communicating and "onnection" in one.failure.text
    return bool(one and (one.died == ABORTED or lost))


def where(one: Ended) -> list[Any]:
    """Which rank failed, and in which call."""
    return [one.rank, *one.trail[-1:]]


def seen(kind: str, value: Any) -> None:
    """Tells whoever compares mistakes."""
    if OBSERVERS:
        OBSERVERS[-1](kind, value)


def kind_of(one: Ended) -> str:
    return one.failure.kind.__name__ if one.failure else f"died {one.died}"


def stuck(ended: Sequence[Ended]) -> str:
    """Says of ranks that never end what each is at."""
    if all(one.at for one in ended if not one.finished):
        zh, en = "死锁，谁也不再前进", "a deadlock: no rank gets any further"
    else:
        zh, en = "没有结束", "it does not end"
    return say(zh=zh, en=en) + say(zh="：", en=": ") + say(zh="；", en="; ").join(map(str, ended))


def replay(one: Ended) -> None:
    """Raises here what a rank raised there, at the learner's own line."""
    assert one.failure
    kind, text, frames = one.failure.kind, one.failure.text, one.failure.frames
    try:
        error = kind(text) if text else kind()
    except TypeError:  # a type with other arguments
        error = RuntimeError(f"{kind.__name__}: {text}")
    own = [f for f in frames if is_the_learners(f[0]) and Path(f[0]).name not in HELPERS]
    if not own:
        raise error
    file, line, qualname = own[-1]
    code = compile("\n" * (line - 1) + "raise error", file, "exec")
    exec(code.replace(co_name=qualname.split(".")[-1], co_qualname=qualname), {"error": error})


# Inside the ranks.


def calls(function: Callable, cases: Sequence[tuple[Sequence[tuple], dict[str, Any]]]) -> list[dict[str, Any]]:
    """What each case does: `(one tuple of arguments for each rank, the same keywords for all)`."""
    return [called(function, arguments[dist.get_rank()], options) for arguments, options in cases]


def called(function: Callable, arguments: tuple, options: dict[str, Any]) -> dict[str, Any]:
    """One call: the arguments and what it returned, afterwards; the calls of torch.distributed; requests not awaited."""
    (rank,) = RANKS
    rank.log.clear()
    rank.pending.clear()
    try:
        returned = function(*arguments, **options)
    except ValueError as error:
        return {"error": str(error) or " ", "log": list(rank.log)}
    pending, log = len(rank.pending), list(rank.log)
    rank.pending.clear()
    return {"after": arguments, "returned": returned, "log": log, "pending": pending}


# Back in the test.


def collective(
    function: Any, world_size: int, cases: Sequence[tuple[str, str, Sequence[tuple], dict[str, Any], Sequence[Any]]]
) -> list[list[dict[str, Any]]]:
    """Makes each case's call in `world_size` ranks, and holds what its tensors are afterwards against what is expected.

    A case is: its name in both languages, the arguments by rank, the keywords, and the tensors expected by rank.
    Returns what `called` says, by rank and case.
    """
    given = [(arguments, options) for _, _, arguments, options, _ in cases]
    found = results(world_size, calls, function, given)
    for i, (zh, en, _, _, expected) in enumerate(cases):
        with case(zh=f"{world_size} 个进程，{zh}", en=f"{world_size} ranks, {en}"):
            told = [one[i] for one in found]
            point_to_point([one["log"] for one in told])
            awaited(told)
            values_are(told, expected)
    return found


def values_are(told: Sequence[dict[str, Any]], expected: Sequence[Any]) -> None:
    for rank, (one, wanted) in enumerate(zip(told, expected, strict=True)):
        with case(zh=f"在 rank {rank}", en=f"on rank {rank}"):
            holds("error" not in one, zh=f"报了错：{one.get('error')}", en=f"it raises an error: {one.get('error')}")
            if "after" in one:
                tensors = [x for x in one["after"] if isinstance(x, Tensor)]
                close(tensors[0] if len(tensors) == 1 else tensors, wanted)
                digits(tensors, wanted if isinstance(wanted, list) else [wanted])


def digits(got: Sequence[Tensor], wanted: Sequence[Tensor]) -> None:
    """Numbers of float64 keep all their digits; what has another shape is told elsewhere."""
    pairs = [(x, y) for x, y in zip(got, wanted, strict=False) if y.dtype == torch.float64 and x.shape == y.shape]
    kept = all(torch.allclose(x.double(), y, rtol=1e-11, atol=1e-13, equal_nan=True) for x, y in pairs)
    seen("digits", kept)
    zh = "`float64` 的数丢了位数：路上变成了 `float32`"
    en = "digits of `float64` are lost: the numbers were `float32` on the way"
    holds(kept, zh=zh, en=en)


def awaited(told: Sequence[dict[str, Any]]) -> None:
    """Raises `Wrong` where a request was left: what its tensor holds then is a matter of luck."""
    left = [one.get("pending", 0) for one in told]
    seen("pending", left)
    if any(left):
        zh = f"有请求没有 `wait()`：rank {first(left)} 返回时还剩 {max(left)} 个"
        en = f"a request is not awaited: rank {first(left)} returns with {max(left)} of them open; `wait()` for each"
        raise Wrong(say(zh=zh, en=en))


def first(counts: Sequence[int]) -> int:
    return next(i for i, count in enumerate(counts) if count)


def point_to_point(logs: Sequence[Sequence[tuple[str, int, int]]]) -> None:
    """Raises `Wrong` where a collective of torch's was called."""
    used = sorted({name for log in logs for name, _, _ in log if name in COLLECTIVES})
    seen("collectives", bool(used))
    if used:
        told = "" if OBSERVERS else ", ".join(f"`dist.{name}`" for name in used)  # whichever: the mistake is one
        zh, en = f"调用了 {told}：这里只用点对点的调用", f"it calls {told}: here only point-to-point calls are allowed"
        raise Wrong(say(zh=zh, en=en))


def sent(log: Sequence[tuple[str, int, int]]) -> int:
    """The bytes that a rank sent."""
    return sum(size for name, _, size in log if name in POINT_TO_POINT and "send" in name)


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def by_rank(world_size: int, *shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    """Another tensor for each rank."""
    return [noise(*shape, seed=100 * seed + rank, dtype=dtype) for rank in range(world_size)]
