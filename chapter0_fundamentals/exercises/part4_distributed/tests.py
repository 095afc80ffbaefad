"""One test per exercise of day 4's third lesson; each is called from its cell, and collected by pytest.

The learner's functions are called by real processes, 2, 3 and 4 of them, which `trials` makes; what is expected is
computed in this one.
"""

import contextlib
import copy
import functools
import os
import tempfile
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, DistributedSampler, TensorDataset

from coach import case, close, holds, judged, raises
from coach.judging.compare import OBSERVERS
from part4_distributed import ranks
from part4_distributed.trials import (
    by_rank,
    called,
    collective,
    digits,
    kind_of,
    noise,
    raw,
    results,
    seen,
    sent,
    stuck,
)

SIZES = (2, 3, 4)
PROCESSES = 30  # seconds: where processes can't be forked they have to be started


# Point to point


@judged(seconds=PROCESSES)
def test_send_receive(send_receive):
    for n in SIZES:
        routes = [(0, 1), (n - 1, 0), (1, 0), (1, 1)]
        cases = []
        for seed, (src, dst) in enumerate(routes):
            dtype = torch.float64 if seed == 1 else torch.float32
            xs = by_rank(n, *((2, 3) if seed else (4,)), seed=seed, dtype=dtype)
            expected = [xs[src] if rank == dst else x for rank, x in enumerate(xs)]
            arguments = [(x.clone(), src, dst) for x in xs]
            cases.append((f"从 {src} 到 {dst}", f"from {src} to {dst}", arguments, {}, expected))
        found = collective(send_receive, n, cases)
        for i, (src, dst) in enumerate(routes):
            with case(zh=f"{n} 个进程，从 {src} 到 {dst}", en=f"{n} ranks, from {src} to {dst}"):
                logs = [one[i]["log"] for one in found]
                size = found[0][i]["after"][0].nbytes
                expected = [size if rank == src and src != dst else 0 for rank in range(n)]
                busy = [bool(log) for log in logs]
                zh, en = "每个进程发出的字节数不对", "the bytes sent by each rank are wrong"
                told = list(map(sent, logs))
                same(told, expected, zh=zh, en=en)
                zh, en = "不相干的进程也在通信", "a rank that has nothing to do with it communicates"
                same(busy, [src != dst and rank in (src, dst) for rank in range(n)], zh=zh, en=en)
                messages = [sum("send" in name for name, _, _ in log) for log in logs]
                zh, en = "每个进程发了几次", "messages sent by each rank"
                same(messages, [int(rank == src != dst) for rank in range(n)], zh=zh, en=en)


def same(got: Any, expected: Any, *, zh: str, en: str) -> None:
    """As `holds(got == expected)`; whoever compares mistakes sees `got`."""
    seen("same", got)
    zh, en = f"{zh}：应为 {expected}，得到 {got}", f"{en}: expected {expected}, got {got}"
    holds(got == expected, zh=zh, en=en)


@judged(seconds=PROCESSES)
def test_shift(shift):
    for n in SIZES:
        cases = []
        kinds = [("一个数", "one number", 2, ()), ("大小各不相同", "sizes that differ", 2, (3,))]
        kinds.append(("rank 0 发的是空的", "rank 0 sends no number", 0, (3,)))  # by itself: who waits for whom then
        for seed, (zh, en, smallest, shape) in enumerate(kinds):
            xs = [noise(rank + smallest, *shape, seed=10 * seed + rank) for rank in range(n)]
            arguments = [(xs[rank].clone(), torch.zeros_like(xs[rank - 1])) for rank in range(n)]
            cases.append((zh, en, arguments, {}, [[xs[rank], xs[rank - 1]] for rank in range(n)]))
        large = by_rank(n, 40_000, seed=7, dtype=torch.float64)
        arguments = [(x.clone(), torch.zeros_like(x)) for x in large]
        expected = [[large[rank], large[rank - 1]] for rank in range(n)]
        cases.insert(2, ("40,000 个 float64", "40,000 of float64", arguments, {}, expected))
        collective(shift, n, cases[:3])
        collective(shift, n, cases[3:])


# Collectives


@judged(seconds=PROCESSES)
def test_broadcast(broadcast):
    for n in SIZES:
        cases = []
        for src in range(n):
            xs = by_rank(n, 2, src + 1, seed=src, dtype=torch.float64 if src == 1 else torch.float32)
            cases.append((f"src={src}", f"src={src}", [(x.clone(), src) for x in xs], {}, [xs[src]] * n))
        xs = by_rank(n, seed=9)
        cases.append(("不写 src", "without src", [(x.clone(),) for x in xs], {}, [xs[0]] * n))
        whole = [torch.arange(3) + 2**24 + 1 + 10 * rank for rank in range(n)]  # no float32 holds them all
        cases.append(("整数", "integers", [(x.clone(),) for x in whole], {"src": 1}, [whole[1]] * n))
        collective(broadcast, n, cases)


def total(xs: Sequence[Tensor], op: str = "sum") -> Tensor:
    """The sum or mean of the ranks' tensors, taken in float64."""
    found = torch.stack([x.double() for x in xs]).sum(dim=0)
    return (found / len(xs) if op == "mean" else found).to(xs[0].dtype)


def unknown_op(function: Callable, n: int) -> None:
    """`op="max"` raises ValueError in every rank, before anything is sent."""
    xs = by_rank(n, 3)
    found = results(n, calls_with_max, function, xs)
    with case(zh='op="max"', en='op="max"'):
        told = ["error" in one for one in found]
        same(told, [True] * n, zh="是否报 ValueError", en="whether ValueError is raised")
        same([len(one["log"]) for one in found], [0] * n, zh="报错之前的通信次数", en="calls before the error")


def calls_with_max(function: Callable, xs: Sequence[Tensor]) -> dict[str, Any]:
    return called(function, (xs[dist.get_rank()],), {"op": "max"})


@judged(seconds=PROCESSES)
def test_reduce(reduce):
    for n in SIZES:
        cases = []
        options: list[dict[str, Any]] = [{}, {"dst": n - 1}, {"op": "mean"}, {"dst": 1, "op": "mean"}]
        for seed, option in enumerate(options):
            xs = by_rank(n, 3, seed + 1, seed=seed, dtype=torch.float64 if seed == 1 else torch.float32)
            dst = option.get("dst", 0)
            expected = [total(xs, option.get("op", "sum")) if rank == dst else x for rank, x in enumerate(xs)]
            zh = en = ", ".join(f"{key}={value}" for key, value in option.items()) or "sum"
            cases.append((zh, en, [(x.clone(),) for x in xs], option, expected))
        collective(reduce, n, cases)
    unknown_op(reduce, 2)


def sums(
    all_reduce: Callable, n: int, shapes: Sequence[tuple[int, ...]], *, apart: bool = False
) -> list[list[dict[str, Any]]]:
    """Sums and means of tensors of these shapes, everywhere; `apart`, one group of processes after the other."""
    cases = []
    for seed, shape in enumerate(shapes):
        op = ("sum", "mean")[seed % 2]
        xs = by_rank(n, *shape, seed=seed, dtype=torch.float64 if seed == 2 else torch.float32)
        option = {"op": op} if op == "mean" else {}
        what = f"{op}, {tuple(shape)}"
        cases.append((what, what, [(x.clone(),) for x in xs], option, [total(xs, op)] * n))
    if apart:
        return [sum(parts, []) for parts in zip(*(collective(all_reduce, n, [one]) for one in cases), strict=True)]
    return collective(all_reduce, n, cases)


@judged(seconds=PROCESSES)
def test_all_reduce(all_reduce):
    for n in SIZES:
        sums(all_reduce, n, [(3,), (2, 3), (4,), ()])
    unknown_op(all_reduce, 3)


@judged
def test_chunk_sizes(chunk_sizes):
    for numel, size in ((7, 3), (6, 3), (8, 3), (2, 4), (0, 3), (10, 4), (5, 1), (1001, 7)):
        expected = [len(part) for part in torch.arange(numel).tensor_split(size)]
        close(chunk_sizes(numel, size), expected)


@judged(seconds=PROCESSES)
def test_ring_all_reduce(ring_all_reduce):
    for n in SIZES:
        shapes = [(2 * n,), (3 * n + 1, 1), (1000,), (2, 3 * n - 1), (), (1,), (0,)]
        found = sums(ring_all_reduce, n, shapes, apart=n == 2)
        for i, shape in enumerate(shapes):
            with case(zh=f"{n} 个进程，形状 {shape}", en=f"{n} ranks, shape {shape}"):
                x = found[0][i]["after"][0]
                most = 2 * (n - 1) * -(-x.numel() // n) * x.element_size()
                bytes_sent = [sent(one[i]["log"]) for one in found]
                seen("bytes", bytes_sent)
                neighbours([one[i]["log"] for one in found])
                zh = f"一个进程最多发 {most} 字节，得到 {bytes_sent}"
                en = f"a rank sends at most {most} bytes, got {bytes_sent}"
                holds(max(bytes_sent) <= most, zh=zh, en=en)
    unknown_op(ring_all_reduce, 3)


def neighbours(logs: Sequence[Sequence[tuple[str, int, int]]]) -> None:
    """Sent to the right, received from the left."""
    n = len(logs)
    for rank, log in enumerate(logs):
        others = sorted({other for name, other, _ in log if "send" in name})
        seen("to", others)
        right = (rank + 1) % n
        zh = f"rank {rank} 发给了 {others}，应只发给右邻 {right}"
        en = f"rank {rank} sends to {others}: only its right neighbour {right} should hear from it"
        holds(set(others) <= {right}, zh=zh, en=en)


# Data parallel


def little(width: int = 4) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(6, width), nn.Tanh(), nn.Linear(width, 3))


def given_gradients(
    rank: int, lacking: Sequence[Sequence[int]], dtype: torch.dtype, vanishing: bool = False
) -> nn.Module:
    """A model with random gradients; the parameters in `lacking[rank]` have none, nor has the last one anywhere.

    With `vanishing`, one gradient is 0 everywhere, and another is the opposite on the next rank.
    """
    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 4, bias=False), nn.Linear(1, 2), nn.Linear(2, 1, bias=False))
    model.to(dtype)
    parameters = list(model.parameters())
    for i, p in enumerate(parameters[:-1]):
        p.grad = None if i in lacking[rank] else noise(*p.shape, seed=31 * rank + i, dtype=dtype)
    if vanishing:
        parameters[1].grad = torch.zeros_like(parameters[1])
        parameters[2].grad = noise(*parameters[2].shape, dtype=dtype) * (-1) ** rank
    parameters[-1].requires_grad_(False)
    return model


def gradients(
    function: Callable, lacking: Sequence[Sequence[int]], dtype: torch.dtype, vanishing: bool
) -> dict[str, Any]:
    model = given_gradients(dist.get_rank(), lacking, dtype, vanishing)
    before = [p.detach().clone() for p in model.parameters()]
    told = called(function, (model,), {})
    grads = [p.grad for p in model.parameters()]
    unchanged = all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))
    return told | {"after": (), "returned": None, "grads": grads, "unchanged": unchanged}


@judged(seconds=PROCESSES)
def test_average_gradients(average_gradients):
    everywhere: list[Sequence[int]] = [()] * 4
    some: list[Sequence[int]] = [(), (1,), (0, 1), (2,)]
    missing = "有的进程缺梯度", "gradients missing on some ranks"
    for n, lacking, dtype, (zh, en) in (
        (2, everywhere, torch.float32, ("", "")),
        (3, everywhere, torch.float64, ("float64", "float64")),
        (2, some, torch.float32, missing),
        (4, some, torch.float32, missing),
        (3, [(3,)] * 4, torch.float32, ("没有一个进程有", "a gradient that no rank has")),
        (2, everywhere, torch.float32, VANISHING),
    ):
        vanishing = en == VANISHING[1]
        found = results(n, gradients, average_gradients, lacking, dtype, vanishing)
        with case(zh=f"{n} 个进程{'，' * bool(zh)}{zh}", en=f"{n} ranks{', ' * bool(en)}{en}"):
            models = [list(given_gradients(rank, lacking, dtype, vanishing).parameters()) for rank in range(n)]
            expected = [mean_of([p.grad for p in column]) for column in zip(*models, strict=True)]
            for rank, one in enumerate(found):
                with case(zh=f"rank {rank}", en=f"rank {rank}"):
                    holds("error" not in one, zh=f"报错 {one.get('error')}", en=f"it raises {one.get('error')}")
                    present = [grad is not None for grad in one["grads"]]
                    zh, en = "哪些参数有梯度", "which parameters have a gradient"
                    same(present, [grad is not None for grad in expected], zh=zh, en=en)
                    got, wanted = ([g for g in grads if g is not None] for grads in (one["grads"], expected))
                    close(got, wanted)
                    digits(got, wanted)
                    holds(one["unchanged"], zh="参数本身变了", en="the parameters themselves changed")
                    one_bucket(one["log"], n)


VANISHING = "梯度是 0，或者互相抵消", "gradients that are 0, or cancel"


def mean_of(grads: Sequence[Tensor | None]) -> Tensor | None:
    """Where a rank has none, it counts as zeros; None where none has any."""
    known = [grad for grad in grads if grad is not None]
    return torch.stack(known).sum(dim=0) / len(grads) if known else None


def one_bucket(log: Sequence[tuple[str, int, int]], n: int) -> None:
    collectives = sum(name in ranks.COLLECTIVES for name, _, _ in log)
    sends = sum("send" in name for name, _, _ in log)
    few = collectives <= 2 and sends <= 8 * (n - 1)
    seen("few", few)
    zh = f"用了 {collectives} 次集合通信、{sends} 次发送：所有梯度应装进一个张量，一次求和"
    en = f"{collectives} collectives and {sends} sends: put all gradients into one tensor, and sum once"
    holds(few, zh=zh, en=en)


def with_norm(rank: int) -> nn.Module:
    """A model whose parameters and buffers differ from rank to rank."""
    model = nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.Linear(2, 3))
    for i, value in enumerate(model.state_dict().values()):
        values = 100 * noise(*value.shape, seed=17 * rank + i)
        value.copy_(values.abs().to(value.dtype))
    model[0].weight.requires_grad_(False)  # type: ignore
    return model


def sharing(function: Callable) -> dict[str, Any]:
    model = with_norm(dist.get_rank())
    objects = [*model.parameters(), *model.buffers()]
    told = called(function, (model,), {})
    kept = all(a is b for a, b in zip([*model.parameters(), *model.buffers()], objects, strict=True))
    asks = [p.requires_grad for p in model.parameters()]
    leaves = all(p.is_leaf for p in model.parameters())
    return {
        "pending": told.get("pending"),
        "state": dict(model.state_dict()),
        "kept": kept,
        "asks": asks,
        "leaves": leaves,
    }


@judged(seconds=PROCESSES)
def test_broadcast_model(broadcast_model):
    for n in SIZES:
        found = results(n, sharing, broadcast_model)
        expected = dict(with_norm(0).state_dict())
        for rank, one in enumerate(found):
            with case(zh=f"{n} 个进程，rank {rank}", en=f"{n} ranks, rank {rank}"):
                holds(not one["pending"], zh="有请求没有 `wait()`", en="a request is not awaited: `wait()` for it")
                close(one["state"], expected)
                holds(one["kept"], zh="参数被换成了新的对象", en="parameters were exchanged for new objects")
                holds(one["leaves"], zh="参数不再是叶子", en="a parameter is no leaf any more")
                asks = [False] + [True] * (len(one["asks"]) - 1)
                same(one["asks"], asks, zh="`requires_grad`", en="`requires_grad`")


@judged(skip={"repeat": "an object with a state"})
def test_ShardedSampler(ShardedSampler):
    for length, size in ((10, 3), (9, 3), (11, 4), (2, 5), (7, 1), (1, 2)):
        for rank in range(size):
            for shuffle, seed in ((False, 0), (True, 0), (True, 6)):
                mine = ShardedSampler(length, size, rank, shuffle=shuffle, seed=seed)
                theirs = DistributedSampler(range(length), size, rank, shuffle=shuffle, seed=seed)  # type: ignore
                what = f"ShardedSampler({length}, {size}, {rank}, {shuffle=}, {seed=})"
                with case(zh=what, en=what):
                    state = torch.get_rng_state()
                    got = list(mine)
                    holds(
                        torch.equal(state, torch.get_rng_state()),
                        zh="动了全局的随机数",
                        en="it used the global generator",
                    )
                    same(got, list(theirs), zh="下标", en="indices")
                    same(list(mine), got, zh="同一轮再走一遍", en="passed through again in the same epoch")
                    same(len(mine), len(theirs), zh="len", en="len")
                    for epoch in (3, 4):
                        mine.set_epoch(epoch)
                        theirs.set_epoch(epoch)
                        same(list(mine), list(theirs), zh=f"set_epoch({epoch}) 之后", en=f"after set_epoch({epoch})")
    plain = ShardedSampler(7, 2, 1)
    shuffled = DistributedSampler(range(7), 2, 1)  # type: ignore
    same(list(plain), list(shuffled), zh="默认值", en="by default")
    both = iter(plain), iter(plain)
    with case(zh="两个迭代器同时走", en="two iterators at the same time"):
        same([next(both[0]), next(both[1])], [list(shuffled)[0]] * 2, zh="第一个下标", en="the first index")
    for rank in (3, -1):
        raises(ValueError, made, ShardedSampler, 10, 3, rank)


def made(Sampler: Callable, *args: int) -> None:
    Sampler(*args)


# Checkpoints


class Unwritable:
    def __reduce__(self):
        raise RuntimeError("the machine died while this was written")


def state_of(rank: int, version: int) -> dict[str, Any]:
    return {"rank": rank, "version": version, "weights": noise(50, seed=version), "losses": [0.5, 0.25]}


def saving(save: Callable, folder: str) -> dict[str, Any]:
    """Two saves; the ranks see the file right after each."""
    rank, path = dist.get_rank(), Path(folder) / "run.pt"
    writes, seen, written, around = torch.save, [], [], []

    def slowly(*args: Any, **kwargs: Any) -> None:
        written.append(1)
        ranks.time.sleep(0.1 if rank == 0 else 0.3)  # who comes too early or too late is seen
        writes(*args, **kwargs)

    def late(rename: Callable, *args: Any, **kwargs: Any) -> None:
        ranks.time.sleep(0.1)
        rename(*args, **kwargs)

    with contextlib.ExitStack() as slow:
        slow.enter_context(mock.patch.object(torch, "save", slowly))
        for name in ("replace", "rename"):
            slow.enter_context(mock.patch.object(os, name, functools.partial(late, getattr(os, name))))
        for version in (1, 2):
            save(path, state_of(rank, version))
            around.append(len(os.listdir(folder)))
            if version == 2 or rank:
                seen.append(torch.load(path, weights_only=True) if path.is_file() else None)
            dist.barrier()
    files = sorted(os.listdir(folder))
    return {"seen": seen[-1], "first": seen[0], "files": files, "written": len(written), "around": around}


def breaking(save: Callable, folder: str) -> dict[str, Any]:
    """A save that fails half-way, after one that did not."""
    path = Path(folder) / "run.pt"
    save(path, state_of(0, 1))
    try:
        save(path, {"weights": noise(2000), "then": Unwritable()})
        raised = False
    except RuntimeError:
        raised = True
    try:
        left = torch.load(path, weights_only=True)
    except Exception:
        left = None
    return {"raised": raised, "left": left}


@judged(seconds=PROCESSES)
def test_save_checkpoint(save_checkpoint):
    for n in (2, 3):
        with tempfile.TemporaryDirectory() as folder:
            found = results(n, saving, save_checkpoint, folder)
        with case(zh=f"{n} 个进程", en=f"{n} ranks"):
            written = [one["written"] for one in found]
            same(written, [2] + [0] * (n - 1), zh="各进程写了几次", en="writes by each rank")
            if any(written[1:]):
                return  # whose file it is then is a matter of luck
            seen("around", [one["around"] for one in found])
            for rank, one in enumerate(found):
                with case(zh=f"rank {rank}", en=f"rank {rank}"):
                    whole(one["seen"], state_of(0, 2))
                    whole(one["first"], state_of(0, 1 if rank else 2))
            files = found[0]["files"]
            seen("files", ["run.pt" in files, len(files)])
            holds(files == ["run.pt"], zh=f"留下的文件是 {files}", en=f"the files that are left are {files}")
    with tempfile.TemporaryDirectory() as folder:
        (told,) = results(1, breaking, save_checkpoint, folder)
    with case(zh="写到一半出错", en="an error half-way through the writing"):
        holds(told["raised"], zh="错误没有传出来", en="the error does not come out")
        whole(told["left"], state_of(0, 1))


def whole(got: Any, expected: Any) -> None:
    holds(got is not None, zh="没有完整的检查点文件", en="there is no whole checkpoint")
    close(got, expected)


def loading(load: Callable, folder: str, shared: bool, name: str) -> Any:
    """What every rank loads; without `shared` the others look on a machine that hasn't the file."""
    here = Path(folder) if shared or dist.get_rank() == 0 else Path(folder) / "another machine"
    return load(here / name)


class Trap:
    """Whoever unpickles it makes the folder `sprung`."""

    def __init__(self, folder: str) -> None:
        self.sprung = os.path.join(folder, "sprung")

    def __reduce__(self):
        return os.makedirs, (self.sprung,)


def trapped(load: Callable, folder: str) -> list[str]:
    """What is in the folder after the loading of a file with code in it, which may be refused."""
    torch.save({"weights": torch.ones(2), "code": Trap(folder)}, Path(folder) / "run.pt")
    with contextlib.suppress(Exception):
        load(Path(folder) / "run.pt")
    return sorted(os.listdir(folder))


@judged(seconds=PROCESSES)
def test_load_checkpoint(load_checkpoint):
    for n in (2, 3):
        with tempfile.TemporaryDirectory() as folder:
            torch.save(state_of(0, n), Path(folder) / "run.pt")
            for shared in (True, False):
                zh, en = (
                    ("文件大家都看得见", "all see the file")
                    if shared
                    else ("只有 rank 0 有文件", "only rank 0 has the file")
                )
                for rank, found in enumerate(results(n, loading, load_checkpoint, folder, shared, "run.pt")):
                    with case(zh=f"{n} 个进程，{zh}，rank {rank}", en=f"{n} ranks, {en}, rank {rank}"):
                        close(found, state_of(0, n))
            with case(zh="没有这个文件时", en="where there is no such file"):
                found = results(n, loading, load_checkpoint, folder, True, "none.pt")
                same(found, [None] * n, zh="各进程得到的", en="what the ranks get")
    with tempfile.TemporaryDirectory() as folder, case(zh="文件里有代码", en="a file with code in it"):
        (files,) = results(1, trapped, load_checkpoint, folder)
        seen("sprung", "sprung" in files)
        zh, en = "文件里的代码被执行了：用 `weights_only=True`", "code in the file was run: use `weights_only=True`"
        holds("sprung" not in files, zh=zh, en=en)


# The trainer


def examples(length: int = 22) -> TensorDataset:
    return TensorDataset(noise(length, 2, 3, seed=1), torch.arange(length) * 7 % 3)


class Counted(Dataset):
    """The examples; notes how many were taken. When rank 1 has taken `after` of them, its process dies."""

    def __init__(self, after: int = 10**9) -> None:
        self.inner, self.after, self.taken = examples(), after, 0

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: int) -> Any:
        self.taken += 1
        if self.taken > self.after and dist.get_rank() == 1:
            os._exit(13)
        return self.inner[index]


def arguments(**changes: Any) -> types.SimpleNamespace:
    usual: dict[str, Any] = {"make_model": little, "train_set": examples(), "epochs": 2, "batch_size": 12, "lr": 0.3}
    usual |= {"momentum": 0.8, "seed": 4, "checkpoint": None, "device": torch.device("cpu")}
    return types.SimpleNamespace(**usual | changes)


def training(DistTrainer: Callable, changes: dict[str, Any]) -> dict[str, Any]:
    torch.manual_seed(100 + dist.get_rank())  # every rank would begin with weights of its own
    DDP, wrapped = nn.parallel.DistributedDataParallel, []
    makes = DDP.__init__

    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        wrapped.append(1)
        makes(self, *args, **kwargs)

    with mock.patch.object(DDP, "__init__", noted):
        trainer = DistTrainer(arguments(**changes))
        start = {name: value.clone() for name, value in trainer.model.state_dict().items()}
        losses = trainer.train()
    told = {"start": start, "weights": dict(trainer.model.state_dict()), "losses": list(losses)}
    taken = getattr(changes.get("train_set"), "taken", 0)
    return told | {"taken": taken, "floats": all(isinstance(x, float) for x in losses), "ddp": bool(wrapped)}


@functools.cache
def alone(n: int, epochs: int = 2, length: int = 22) -> dict[str, Any]:
    """The same training in one process, on batches as the ranks would have them together."""
    torch.manual_seed(100)
    args, model = arguments(train_set=examples(length)), little()
    start, losses = copy.deepcopy(dict(model.state_dict())), []
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum)
    samplers: Any = [DistributedSampler(args.train_set, n, rank, seed=args.seed) for rank in range(n)]
    for epoch in range(epochs):
        for sampler in samplers:
            sampler.set_epoch(epoch)
        order = [index for together in zip(*samplers, strict=True) for index in together]
        for images, labels in DataLoader(args.train_set, args.batch_size, sampler=order):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return {"start": start, "weights": dict(model.state_dict()), "losses": losses}


def by_ddp() -> dict[str, Tensor]:
    """The weights that torch's own DistributedDataParallel arrives at."""
    torch.manual_seed(100 + dist.get_rank())
    args, size = arguments(), dist.get_world_size()
    model = nn.parallel.DistributedDataParallel(little())
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum)
    sampler: Any = DistributedSampler(args.train_set, size, dist.get_rank(), seed=args.seed)
    for epoch in range(args.epochs):
        sampler.set_epoch(epoch)
        for images, labels in DataLoader(args.train_set, args.batch_size // size, sampler=sampler):
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
    return dict(model.module.state_dict())


@functools.cache
def ddp(n: int) -> dict[str, Tensor]:
    return ranks.run(n, by_ddp)[0]


@judged(seconds=60)
def test_DistTrainer(DistTrainer):
    alone(2)
    ranks.renew("torch._dynamo")  # which torch's optimisers import: slow, but once
    if OBSERVERS:  # the time to compare mistakes is short: what tells them apart comes early
        trains(DistTrainer, 2)
        goes_on(DistTrainer)
        trains(DistTrainer, 3)
        return
    for n in SIZES:
        trains(DistTrainer, n)
    with case(
        zh="训练后的权重，与 DistributedDataParallel 相比", en="the trained weights, against DistributedDataParallel"
    ):
        expected = ddp(3)
        close(results(3, training, DistTrainer, {})[2]["weights"], expected, rtol=1e-5, atol=1e-5)
    goes_on(DistTrainer)


def trains(DistTrainer: Callable, n: int) -> None:
    """As one process does."""
    expected = alone(n)
    found = results(n, training, DistTrainer, {})
    for rank, one in enumerate(found):
        with case(zh=f"{n} 个进程，rank {rank}", en=f"{n} ranks, rank {rank}"):
            with case(zh="开始时的权重", en="the weights at the start"):
                close(one["start"], expected["start"])
            seen("ddp", one["ddp"])
            zh, en = "用了 `DistributedDataParallel`", "it uses `DistributedDataParallel`"
            holds(not one["ddp"], zh=zh, en=en)
            with case(zh="每步的损失", en="the losses of the steps"):
                close(one["losses"], expected["losses"])
                seen("floats", one["floats"])
                holds(one["floats"], zh="损失不都是 `float`", en="not every loss is a `float`")
            with case(zh="训练后的权重，与一个进程相比", en="the trained weights, against one process"):
                close(one["weights"], expected["weights"], rtol=1e-5, atol=1e-5)


def goes_on(DistTrainer: Callable) -> None:
    """From its checkpoint, after a death."""
    with tempfile.TemporaryDirectory() as folder:
        changes = {"checkpoint": Path(folder) / "run.pt", "epochs": 3}
        dies(DistTrainer, changes | {"train_set": Counted(13)})
        with case(zh="死过一次之后，从检查点继续", en="after a death, from the checkpoint on"):
            expected = alone(2, epochs=3)
            holds(
                changes["checkpoint"].is_file(),
                zh="死之前没有存下检查点",
                en="no checkpoint was saved before the death",
            )
            for one in results(2, training, DistTrainer, changes | {"train_set": Counted()}):
                close(one["losses"], expected["losses"])
                close(one["weights"], expected["weights"], rtol=1e-5, atol=1e-5)
                epochs = one["taken"] / 11
                zh, en = f"又走了 {epochs:.1f} 轮，应为 2 轮", f"it went through {epochs:.1f} epochs again, not 2"
                seen("epochs", epochs)
                holds(epochs < 2.5, zh=zh, en=en)
            seen("saved", changes["checkpoint"].is_file())


def dies(DistTrainer: Any, changes: dict[str, Any]) -> None:
    """Rank 1 dies in its second epoch: the other one is to end with an error, and soon."""
    quiet = 0.3 if OBSERVERS else ranks.QUIET
    ended = ranks.together(2, training, raw(DistTrainer), changes, seconds=10, quiet=quiet)
    told = kind_of(ended[0]) if ended[0].failure else "returned" if ended[0].done else "waits"
    seen("others", [told, ended[1].died])
    with case(zh="rank 1 的进程中途死了", en="the process of rank 1 dies on the way"):
        holds(
            ended[1].died == 13, zh=f"它没有取到第二轮：{ended[1]}", en=f"it never came to its second epoch: {ended[1]}"
        )
        holds(
            ended[0].failure,
            zh=f"rank 0 应当报错：{stuck(ended)}",
            en=f"rank 0 should end with an error: {stuck(ended)}",
        )
