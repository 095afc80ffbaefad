"""One test per exercise of the lesson on experiments; each is called from its cell, and collected by pytest."""

import contextlib
import copy
import dataclasses
import json
import math
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from part2_cnns.agreement import fails_by, unnoted
from torch import Tensor, nn

from coach import case, close, holds, judged, raises
from coach.judging.compare import OBSERVERS

# Write down every run


@dataclass
class Loose:
    lr: float
    layers: list[int] = field(default_factory=list)
    seed: int = 0
    name: str = "plain"


@dataclass(frozen=True)
class Frozen:
    batch_size: int
    rate: float = 0.5


@dataclass
class Outer:
    inner: Frozen
    depth: int = 1


class Kind(Loose):
    """A subclass: the result must be one too."""


@judged
def test_update_args(update_args):
    loose, sampled = Kind(0.25, [1, 2], name="first"), {"seed": 7, "lr": 0.125}
    got = update_args(loose, sampled)
    holds(isinstance(got, Kind), zh="结果应当与 `args` 同类", en="the result should be of the class of `args`")
    close(vars(got), {"lr": 0.125, "layers": [1, 2], "seed": 7, "name": "first"})
    close(vars(loose), {"lr": 0.25, "layers": [1, 2], "seed": 0, "name": "first"})
    close(sampled, {"seed": 7, "lr": 0.125})
    with case(zh="冻结的 dataclass", en="on a frozen dataclass"):
        close(dataclasses.asdict(update_args(Frozen(8), {"rate": 0.0})), {"batch_size": 8, "rate": 0.0})
        close(dataclasses.asdict(update_args(Frozen(8, 0.75), {"batch_size": 4})), {"batch_size": 4, "rate": 0.75})
    with case(zh="字段本身是一个 dataclass", en="where a field is itself a dataclass"):
        inner = update_args(Outer(Frozen(8)), {"depth": 3}).inner
        close([type(inner).__name__, getattr(inner, "batch_size", None)], ["Frozen", 8])
    with case(zh="什么都不换", en="with nothing to change"):
        close(vars(update_args(loose, {})), {"lr": 0.25, "layers": [1, 2], "seed": 0, "name": "first"})
    with case(zh="换成 `None`", en="changed to `None`"):
        close(vars(update_args(loose, {"name": None}))["name"], None)
    for unknown in ({"learning_rate": 0.1}, {"lr": 0.5, "sede": 3}, {"__class__": 1}):
        with case(zh=f"名字 {list(unknown)[-1]!r} 不是字段", en=f"with {list(unknown)[-1]!r}, which is no field"):
            fails_by(ValueError, update_args, loose, unknown)
            raises(ValueError, update_args, loose, unknown, words=list(unknown)[-1])
            close(vars(loose), {"lr": 0.25, "layers": [1, 2], "seed": 0, "name": "first"})


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder; files that are still open in it don't matter."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)


def lines(path: Path) -> list[Any]:
    """The lines of a log, each as JSON or, where it is none, as text."""
    found = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            found.append(line)
    return found


RECORDS = [
    {"args": {"lr": 0.125, "name": "数字 5–9", "sizes": [3, 4]}, "note": None},
    {"step": 0, "loss": 2.5, "good": True},
    {"step": 1, "loss": -0.5, "text": 'two\nlines, "quoted"'},
]


@judged
def test_RunLog(RunLog):
    with folder() as place:
        path = place / "a" / "b" / "log.jsonl"
        with RunLog(place / "one" / "log.jsonl"):
            pass
        with RunLog(path) as log:
            for count, record in enumerate(RECORDS, start=1):
                log.log(record)
                with case(zh=f"第 {count} 条之后，不关闭就读", en=f"read after record {count}, while it is open"):
                    close(lines(path), [*RECORDS[:count], ""])
            with case(zh="数是张量或 NumPy 标量", en="with numbers that are tensors or NumPy's"):
                log.log(
                    {"t": torch.tensor(1.5, requires_grad=True), "one": torch.tensor([[0.25]]), "n": np.float32(-2)}
                )
                numbers = {"t": 1.5, "one": 0.25, "n": -2.0}
                close(lines(path)[3:], [numbers, ""])
            with case(zh="里层的数是张量或 NumPy 标量", en="with tensors or NumPy's numbers deeper inside"):
                log.log({"inner": {"list": [torch.tensor(3), np.int64(4)]}})
                close(lines(path)[3:], [numbers, {"inner": {"list": [3.0, 4.0]}}, ""])
            with case(zh="写不出来的记录", en="with a record that can't be written"):
                for value in (torch.tensor([1.0, 2.0]), SimpleNamespace()):
                    fails(log.log, {"step": 9, "value": value})
                close(len(lines(path)), 6)
                log.log({"step": 10})
                close(lines(path)[5:], [{"step": 10}, ""])
        before = path.read_bytes()
        with case(zh="再次打开", en="opened again"), RunLog(str(path)) as log:
            log.log({"again": 1})
        holds(path.read_bytes().startswith(before), zh="已有的行变了", en="lines that were there have changed")
        close(lines(path)[6:], [{"again": 1}, ""])
        for torn in ('{"step": 3}\n{"step": 4, "lo', '{"st'):
            path.write_bytes(torn.encode())
            with case(zh="末尾是半行", en="where the file ends in half a line"), RunLog(path) as log:
                log.log({"step": 5})
            close(lines(path), [*lines_of(torn), {"step": 5}, ""])
        for whole in ("", '{"step": 3}\n'):
            path.write_bytes(whole.encode())
            with case(zh="文件里没有半行", en="where the file ends in no half line"), RunLog(path) as log:
                log.log({"step": 5})
            close(lines(path), [*([{"step": 3}] if whole else []), {"step": 5}, ""])
        path.write_bytes('{"note": "数'.encode()[:-1])
        with case(zh="末尾断在一个汉字中间", en="where the file ends within a character"):
            with RunLog(path) as log:
                log.log({"step": 5})
            close([json.loads(path.read_bytes().split(b"\n")[1]), path.read_bytes().count(b"\n")], [{"step": 5}, 2])
        with case(zh="记录", en="the record"):
            record = {"step": 1, "loss": torch.tensor(0.5)}
            with RunLog(place / "other.jsonl") as log:
                log.log(record)
            holds(isinstance(record["loss"], Tensor), zh="传入的字典变了", en="the dictionary passed in has changed")


def lines_of(text: str) -> list[Any]:
    return [json.loads(line) if line.endswith("}") else line for line in text.split("\n")]


def fails(function: Callable, *args: Any) -> None:
    """Holds that the call raises an error, of any kind."""
    try:
        function(*args)
    except NotImplementedError:
        raise
    except Exception:
        holds(True, zh="", en="")
        return
    holds(False, zh="应当报错", en="this should raise an error")


@judged(skip={"repeat": "the file is gone after the test"})
def test_read_log(read_log):
    with folder() as place:
        path = place / "log.jsonl"
        with case(zh="文件不存在", en="where there is no file"):
            close(read_log(path), [])
        path.write_bytes(b"")
        with case(zh="空文件", en="on an empty file"):
            close(read_log(path), [])
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS)
        path.write_bytes(text.encode())
        close(read_log(path), RECORDS)
        close(read_log(str(path)), RECORDS)
        with case(zh="几条记录的 `step` 相同", en="where several records have the same `step`"):
            again = [{"step": 0, "loss": 2.5}, {"step": 0, "loss": 1.5}, {"step": 0, "loss": 1.5}]
            path.write_bytes("".join(json.dumps(record) + "\n" for record in again).encode())
            close(read_log(path), again)
        with case(
            zh="字符串里有 U+2028、U+0085 这样的字符", en="with characters such as U+2028 and U+0085 within strings"
        ):
            unbroken = [{"text": f"one{sign}two"} for sign in "\u2028\u2029\x85"]
            wide = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in unbroken)
            path.write_bytes(wide.encode())
            close(read_log(path), unbroken)
        inner = b'{"args": {"lr": 0.5}'
        for torn in (
            inner,
            b'{"step": 2, "lo',
            '{"note": "数'.encode()[:-1],
            '{"数'.encode()[:-2],
            b'{"step": 7, "loss": 0.',
        ):
            with case(zh="最后是半行", en="where the last line is half written"):
                path.write_bytes(text.encode() + torn)
                close(read_log(path), RECORDS)
            with case(zh="中间是半行", en="where a line in the middle is half written"):
                path.write_bytes(torn + b"\n" + text.encode() + torn + b'\n{"step": 9}\n')
                close(read_log(path), [*RECORDS, {"step": 9}])
        path.write_bytes(b'{"loss": NaN}\n{"loss": -Infinity}\r\n{"step": 3}\n')
        with case(zh="发散的损失和 Windows 的换行", en="with losses that diverged and a line break of Windows"):
            got = read_log(path)
            close([str(record.get("loss")) for record in got], ["nan", "-inf", "None"])
        with case(zh="文件", en="the file"):
            close(path.read_bytes().decode(), '{"loss": NaN}\n{"loss": -Infinity}\r\n{"step": 3}\n')


def only(got: Any, wanted: Any) -> Any:
    """`got` without further keys: what somebody notes besides is no mistake."""
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        return [only(one, other) for one, other in zip(got, wanted, strict=True)]
    if isinstance(got, dict) and isinstance(wanted, dict):
        return {key: value for key, value in got.items() if key in wanted}
    return got


# A trainer


def network(seed: int, frozen: bool = True) -> nn.Sequential:
    torch.manual_seed(seed)
    # no bias before batch norm: its gradient would be rounding noise, which Adam makes large
    model = nn.Sequential(nn.Linear(3, 6, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 4))
    model[0].weight.requires_grad_(not frozen)
    return model


def made(kind: str, model: nn.Module) -> tuple[torch.optim.Optimizer, Any]:
    learning = [p for p in model.parameters() if p.requires_grad]
    if kind == "sgd":
        optimizer: torch.optim.Optimizer = torch.optim.SGD(learning, lr=0.4, momentum=0.9)
        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
    optimizer = torch.optim.AdamW(learning, lr=0.1)
    return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.25)


def by_hand(model: nn.Module, optimizer: Any, scheduler: Any, images: Tensor, labels: Tensor, limit: float) -> dict:
    """One step, slowly."""
    model.train()
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = math.sqrt(sum(float((grad.double() ** 2).sum()) for grad in grads))
    for grad in grads:
        grad *= min(1.0, limit / norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return {"loss": loss.item(), "grad_norm": norm, "lr": lr}


@judged
def test_training_step(training_step):
    torch.manual_seed(5)
    images, labels = torch.randn(4, 7, 3), torch.randint(4, (4, 7))
    for kind, limit in (("sgd", 0.3), ("sgd", 100.0), ("adamw", 0.1)):
        theirs, mine = network(1), network(1)
        tools, own = made(kind, theirs), made(kind, mine)
        torch.manual_seed(2)
        expected = [by_hand(theirs, *tools, x, y, limit) for x, y in zip(images, labels, strict=True)]
        for p in mine.parameters():
            p.grad = torch.ones_like(p) if p.requires_grad else None  # left over
        mine.eval()
        torch.manual_seed(2)
        for step, (x, y) in enumerate(zip(images, labels, strict=True)):
            with case(zh=f"第 {step} 步，上限 {limit}", en=f"step {step} with limit {limit}"):
                got = training_step(mine, *own, x, y, limit)
                close(only(got, expected[step]), expected[step], rtol=1e-3)
                for name in expected[step]:
                    zh, en = f'`"{name}"` 应当是 Python 的数', f'`"{name}"` should be a Python number'
                    holds(isinstance(got[name], float | int), zh=zh, en=en)
                holds(mine.training, zh="之后不在 `train` 模式", en="it isn't in `train` mode afterwards")
                if step == 1:
                    mine.eval()
                if step == 2:
                    mine.train()  # what is put back is then another mode than `eval`
        with case(zh=f"四步之后的参数，上限 {limit}", en=f"the parameters after four steps with limit {limit}"):
            close(dict(mine.state_dict()), dict(theirs.state_dict()), rtol=1e-3, atol=1e-4)


# Killed, and resumed


class Loop:
    """A small trainer with all that a state holds: dropout, batch norm, momentum, a schedule, an order of its own."""

    def __init__(self, seed: int, kind: str = "adamw") -> None:
        self.model = network(seed, frozen=False)
        self.optimizer, self.scheduler = made(kind, self.model)
        self.order = torch.Generator().manual_seed(seed + 1)
        self.epoch = 0
        torch.manual_seed(99)
        self.images, self.labels = torch.randn(10, 3), torch.randint(4, (10,))
        torch.manual_seed(seed)

    def train(self) -> list[float]:
        """One epoch; its losses."""
        losses = []
        for chosen in torch.randperm(10, generator=self.order).split(4):
            args = self.model, self.optimizer, self.scheduler, self.images[chosen], self.labels[chosen], 0.5
            losses.append(by_hand(*args)["loss"])
        self.epoch += 1
        return losses


NAMES = ("model", "optimizer", "scheduler")


def snapshot(loop: Loop) -> dict[str, Any]:
    state = copy.deepcopy({name: getattr(loop, name).state_dict() for name in NAMES})
    return state | {"order": loop.order.get_state(), "torch": torch.get_rng_state(), "epoch": loop.epoch}


def bring_back(loop: Loop, state: dict[str, Any]) -> None:
    state = copy.deepcopy(state)
    for name in NAMES:
        getattr(loop, name).load_state_dict(state[name])
    loop.order.set_state(state["order"])
    torch.set_rng_state(state["torch"])
    loop.epoch = state["epoch"]


def flat(value: Any) -> Any:
    """A state without the classes of its containers, keys as text."""
    if isinstance(value, dict):
        return {str(key): flat(inner) for key, inner in value.items()}
    return [flat(inner) for inner in value] if isinstance(value, list | tuple) else value


@judged
def test_capture_state(capture_state):
    for seed, kind in ((3, "adamw"), (4, "sgd")):
        loop = Loop(seed, kind)
        for _ in range(2):
            loop.train()
        expected = snapshot(loop)
        loop.model.train(kind == "adamw")
        got = capture_state(loop)
        zh, en = "模型的模式（`train` 或 `eval`）变了", "the mode of the model (`train` or `eval`) has changed"
        holds(loop.model.training == (kind == "adamw"), zh=zh, en=en)
        close(sorted(only(got, expected)), sorted(expected))
        for key, value in expected.items():
            with case(zh=f'`"{key}"` 一项', en=f'the entry `"{key}"`'):
                close(flat(got[key]), flat(value))
        with case(zh="拍照之后的训练", en="the training after it"):
            close(flat(snapshot(loop)), flat(expected))
        went_on = [loop.train(), loop.train()]
        for key, value in expected.items():
            with case(zh=f'接着训练之后，`"{key}"` 一项', en=f'after training on, the entry `"{key}"`'):
                close(flat(got[key]), flat(value))
        with case(zh="从它接着训练", en="trained on from it"):
            bring_back(loop, expected | {key: got[key] for key in got})
            close([loop.train(), loop.train()], went_on)
    with case(zh="别的训练器", en="on another trainer"):
        other = SimpleNamespace(**{name: getattr(loop, name) for name in (*NAMES, "order")}, epoch=17)
        close(capture_state(other)["epoch"], 17)


@judged
def test_restore_state(restore_state):
    for seed, kind in ((3, "adamw"), (4, "sgd")):
        loop = Loop(seed, kind)
        loop.train()
        state = snapshot(loop)
        kept = copy.deepcopy(state)
        went_on = [loop.train(), loop.train()]
        for words_zh, words_en, target in (
            ("放进刚造好的训练器", "into a fresh trainer", Loop(8, kind)),
            ("放回训练到别处的训练器", "into one that has trained on", loop),
            ("第二次放回同一张快照", "the same snapshot once more", loop),
        ):
            with case(zh=words_zh, en=words_en):
                target.scheduler.base_lrs = [7.0]  # as if made with another learning rate
                parts = [getattr(target, name) for name in (*NAMES, "order")]
                restore_state(target, state)
                same = all(getattr(target, name) is part for name, part in zip((*NAMES, "order"), parts, strict=True))
                holds(same, zh="`model` 等换成了新的对象", en="`model` and the others are new objects")
                close(target.epoch, 1)
                close(target.optimizer.param_groups[0]["lr"], kept["optimizer"]["param_groups"][0]["lr"])
                close(target.scheduler.last_epoch, kept["scheduler"]["last_epoch"])
                close(target.scheduler.base_lrs, kept["scheduler"]["base_lrs"])
                close(target.order.get_state(), kept["order"])
                close(torch.get_rng_state(), kept["torch"])
                close([target.train(), target.train()], went_on)
            with case(zh="接着训练之后，`state`", en="after training on, `state`"):
                close(flat(state), flat(kept))


class Watching:
    """In the middle of a checkpoint: when it is saved, it looks at the file that was there before, and may fail."""

    def __init__(self, look: Callable[[], None], error: bool) -> None:
        self.look, self.error = look, error

    def __reduce__(self) -> Any:
        self.look()
        if self.error:
            raise KeyError("killed half-way")
        return (int, ())


def checkpoint(value: float) -> dict[str, Any]:
    """More than fits a buffer."""
    return {
        "model": {"weight": value + torch.arange(3000.0).reshape(60, 50)},
        "epoch": int(value),
        "losses": [0.5, value],
    }


@judged
def test_save_checkpoint(save_checkpoint):
    with folder() as place:
        path = place / "deep" / "run" / "checkpoint.pt"
        for value in (1.0, 2.0):
            state = checkpoint(value)
            with events() as (order, sources):
                save_checkpoint(path, state)
            close(torch.load(path, weights_only=True), checkpoint(value))
            close(state, checkpoint(value))
            files = [file.name for file in path.parent.iterdir()]
            close(files if not OBSERVERS else [str(len(files))], ["checkpoint.pt"])
            with case(zh="临时文件", en="the temporary file"):
                beside = all(path.parent.resolve() in Path(source).resolve().parents for source in sources)
                holds(beside, zh="在别的文件夹里", en="is in another folder")
        with case(zh="改名之前", en="before the renaming"):
            synced = "replace" not in order or "fsync" in order[: order.index("replace")]
            holds(synced, zh="没有 `os.fsync`", en="there was no `os.fsync`")
        if OBSERVERS:
            OBSERVERS[-1]("events", [synced, "fsync" in order])
        seen: list[Any] = []
        for error in (True, False):
            with case(zh="写到一半时", en="half-way through the writing"):
                parts = {
                    "new": torch.zeros(9000),
                    "watching": Watching(lambda: seen.append([path.exists(), loaded(path)]), error),
                }
                if error:
                    raises(KeyError, save_checkpoint, path, parts)
                else:
                    save_checkpoint(path, parts)
                close(flat(seen[-1] if seen else None), flat([True, checkpoint(2.0)]))
            if error:
                with case(zh="出错之后", en="after an error half-way"):
                    close(flat(loaded(path)), flat(checkpoint(2.0)))
                    save_checkpoint(path, checkpoint(2.0))
                    close(torch.load(path, weights_only=True), checkpoint(2.0))
        close(torch.load(path, weights_only=False)["new"], torch.zeros(9000))


def loaded(path: Path) -> Any:
    """What a reader finds just now; None if it can't be read."""
    try:
        return torch.load(path, weights_only=True)
    except Exception:
        return None


@contextlib.contextmanager
def events() -> Iterator[tuple[list[str], list[Any]]]:
    """The order of `os.fsync` and of renamings, meanwhile, and what is renamed."""
    order: list[str] = []
    sources: list[Any] = []

    def noted(name: str, event: str) -> Any:
        original = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            order.append(event)
            if event == "replace":
                sources.append(args[0] if args else kwargs["src"])
            return result

        return mock.patch.object(os, name, call)

    with noted("fsync", "fsync"), noted("replace", "replace"), noted("rename", "replace"):
        yield order, sources


class Harmful:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        return (exec, ("import random; random.harmed = True",))


@judged
def test_load_checkpoint(load_checkpoint):
    with folder() as place:
        path = place / "checkpoint.pt"
        with case(zh="没有检查点", en="where there is none"):
            close(load_checkpoint(path), None)
            close(load_checkpoint(place / "no folder" / "checkpoint.pt"), None)
        (place / "checkpoint.pt.tmp").write_bytes(b"half")
        with case(zh="只有写了一半的临时文件", en="where only a half-written temporary file is there"):
            close(load_checkpoint(path), None)
        for value in (4.0, 7.0):
            torch.save(checkpoint(value), path)
            close(load_checkpoint(path), checkpoint(value))
        with mock.patch.object(
            torch.serialization, "location_tag", lambda storage: "cuda:99"
        ):  # that this machine has not
            torch.save(checkpoint(5.0), path)
        with case(zh="张量是在 GPU 上存的", en="where tensors were saved on a GPU"):
            close(load_checkpoint(path), checkpoint(5.0))
        loop = Loop(3)
        loop.train()
        torch.save(snapshot(loop), path)
        with case(zh="整个训练的状态", en="the state of a whole training"):
            close(flat(load_checkpoint(path)), flat(snapshot(loop)))
        torch.save({"epoch": 1, "trap": Harmful()}, path)
        random.__dict__.pop("harmed", None)
        with case(zh="藏着代码的文件", en="on a file that hides code"):
            fails(load_checkpoint, path)
            holds(not random.__dict__.pop("harmed", False), zh="代码运行了", en="the code was run")


# Reading loss curves


@judged
def test_diagnose(diagnose):
    expected = {
        "A": "gradients never cleared",
        "B": "learning rate too low",
        "C": "trains too long on too little data",
        "D": "learning rate too high",
        "E": "all weights start at zero",
        "F": "batches sorted by class",
    }
    got = diagnose()
    close(sorted(got), sorted(expected))
    close(sorted(got.values()), sorted(expected.values()))
    for letter in "CFEBDA":  # the easy ones first
        with case(zh=f"曲线 {letter}", en=f"curve {letter}"):
            holds(got[letter] == expected[letter], zh="再看看", en="look again")


@judged
def test_EarlyStopping(EarlyStopping):
    nan = math.nan
    for patience, losses in (
        (3, [1.0, 0.6, 0.7, 0.6, 0.9, 0.95, 0.5, 0.8]),
        (2, [2.0, 2.5, 1.5, 1.75, 1.5, 1.25, 1.5, 1.5, 1.5]),
        (1, [0.5, 0.25, 0.25, 0.125, 0.5, 0.0625]),
        (4, [-1.0, -2.0, -1.0, -3.0, -2.5, -2.5, -2.5]),
        (2, [3.0, nan, 2.0, nan, nan, nan, 1.0]),
        (2, [nan, nan, 4.0, nan, 5.0]),
        (2, [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]),
        (5, [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0]),
    ):
        stopping, best, at, waited = EarlyStopping(patience), math.inf, None, 0
        for number, loss in enumerate(losses):
            waited += 1
            if not math.isnan(loss) and loss < best:
                best, at, waited = loss, number, 0
            with case(
                zh=f"耐心 {patience}，损失 {losses[: number + 1]}",
                en=f"patience {patience}, losses {losses[: number + 1]}",
            ):
                close(stopping.update(loss), waited >= patience)
                close(stopping.best_loss, best)
                if at is not None:
                    close(stopping.best_epoch, at)
    first, second = EarlyStopping(2), EarlyStopping(patience=2)
    first.update(1.0)
    second.update(3.0)
    with case(zh="两个对象", en="two of them side by side"):
        close([first.best_loss, second.best_loss], [1.0, 3.0])


# The noise of seeds


@judged
def test_standard_error(standard_error):
    for values in (
        [88.0, 92, 91, 89],
        [88, 92, 91, 89],
        [0.5, -1.25],
        [3.0, 3, 3],
        [-2.0, 7, 1.5, 0, 4, 4, -9, 2],
        [1e6 + 1, 1e6 + 2, 1e6 + 4],
        [0.1] * 3,
        [0.7] * 6,
    ):
        mean = sum(values) / len(values)
        squares = sum((value - mean) ** 2 for value in values)
        close(standard_error(values), math.sqrt(squares / (len(values) - 1) / len(values)), rtol=1e-3)
    for few in ([], [5.0]):
        with case(zh=f"{len(few)} 个数", en=f"on {len(few)} numbers"):
            fails_by(ValueError, standard_error, few)
            raises(ValueError, standard_error, few)


@judged
def test_compare_seeds(compare_seeds):
    close(compare_seeds({0: 88.0, 1: 92.0}, {1: 95.0, 0: 89.0}), (2.0, 1.0))
    rng = np.random.default_rng(4)
    for count in (2, 3, 9):
        seeds = [int(seed) for seed in rng.permutation(50)[:count]]
        luck = rng.normal(size=count) * 5
        before = {seed: float(luck[i]) for i, seed in enumerate(seeds)}
        after = {seed: float(luck[i] + rng.normal() - 2) for i, seed in enumerate(seeds)}
        differences = [after[seed] - before[seed] for seed in seeds]
        error = float(np.std(differences, ddof=1)) / count**0.5
        shuffled = {seed: after[seed] for seed in rng.permutation(seeds).tolist()}
        close(compare_seeds(before, shuffled), (float(np.mean(differences)), error), rtol=1e-3)
    with case(zh="差都相同", en="where all differences are equal"):
        close(compare_seeds({1: 0.5, 2: 0.25, 7: 4.0}, {1: 0.75, 2: 0.5, 7: 4.25}), (0.25, 0.0))
    for before, after in (
        ({0: 1.0, 1: 2.0, 2: 0.0}, {0: 1.0, 1: 3.0}),
        ({0: 1.0, 1: 2.0}, {0: 1.0, 1: 3.0, 2: 0.0}),
        ({0: 1.0, 1: 2.0}, {5: 1.0, 1: 3.0}),
    ):
        with case(zh="种子不同", en="where the seeds differ"):
            fails_by(ValueError, compare_seeds, before, after)
            raises(ValueError, compare_seeds, before, after)
    for few in ({}, {3: 1.0}):
        with case(zh=f"{len(few)} 个种子", en=f"with {len(few)} seeds"):
            fails_by(ValueError, compare_seeds, few, {seed: 2.0 for seed in few})
            raises(ValueError, compare_seeds, few, {seed: 2.0 for seed in few})


# Finding hyperparameters


@judged
def test_sample_log_uniform(sample_log_uniform):
    if OBSERVERS:
        OBSERVERS[-1]("call", "draws")  # its calls themselves aren't noted
    with case(zh="状态相同的发生器", en="with generators of the same state"):
        first, second = (torch.Generator().manual_seed(5) for _ in range(2))
        torch.manual_seed(1)
        with unnoted():
            one = [sample_log_uniform(0.1, 10.0, first) for _ in range(3)]
        state = torch.get_rng_state()
        torch.manual_seed(2)
        with unnoted():
            two = [sample_log_uniform(0.1, 10.0, second) for _ in range(3)]
        holds(one == two, zh="给出了不同的数", en="it gives different numbers")
        holds(len(set(one)) == 3, zh="一再给出同一个数", en="it gives one number again and again")
        torch.manual_seed(1)
        holds(state.equal(torch.get_rng_state()), zh="动了全局发生器", en="the global generator was used")
    with case(zh="两端相等", en="where both ends are equal"):
        close(sample_log_uniform(0.3, 0.3, torch.Generator()), 0.3)
    for low, high in ((0.0, 1.0), (-1.0, 1.0), (-3.0, -2.0), (2.0, 1.0)):
        with case(zh=f"从 {low} 到 {high}", en=f"from {low} to {high}"):
            fails_by(ValueError, sample_log_uniform, low, high, torch.Generator())
            if not OBSERVERS:
                raises(ValueError, sample_log_uniform, low, high, torch.Generator())
    for low, high, count, most in ((1e-4, 1e-1, 500, 0.09), (0.5, 300.0, 200, 0.14), (2.0, 2.5, 100, 0.2)):
        generator = torch.Generator().manual_seed(11)
        with unnoted():  # how it draws is free, so what is told apart is where the numbers lie
            drawn = [sample_log_uniform(low, high, generator) for _ in range(count)]
        holds(all(isinstance(x, float) for x in drawn), zh="应当是 Python 的浮点数", en="it should be a Python float")
        if OBSERVERS and len({float(x) for x in drawn}) < 20:
            OBSERVERS[-1]("few", len({float(x) for x in drawn}))
            continue
        slack = 1e-5
        inside = all(low * (1 - slack) <= x <= high * (1 + slack) for x in drawn)
        holds(inside, zh=f"有的数不在 {low} 与 {high} 之间", en=f"some numbers aren't between {low} and {high}")
        for q in (0.1, 0.25, 0.5, 0.75, 0.9):
            share = sum(x < low * (high / low) ** q for x in drawn) / len(drawn)
            told = f"{low} {high}: {share:.2f} < {low * (high / low) ** q:.3g} ({q})"
            holds(share - q < most, zh=f"分布不对，{told}", en=f"the distribution is wrong, {told}")
            holds(q - share < most, zh=f"分布不对，{told}", en=f"the distribution is wrong, {told}")


class Noted:
    """A log that keeps its records as they were when they were logged."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def log(self, record: Any) -> None:
        self.records.append(copy.deepcopy(dict(record)))


class Keeping(Noted):
    """A log that keeps the very records that it is given."""

    def log(self, record: Any) -> None:
        self.records.append(record)


def uniform(generator: torch.Generator) -> float:
    return torch.rand((), generator=generator).item()


def chosen(generator: torch.Generator) -> int:
    return [16, 32, 64][int(torch.randint(3, (), generator=generator))]


@judged
def test_random_search(random_search):
    nan, inf = math.nan, math.inf
    spaces: list[Any] = [{"lr": uniform, "seed": chosen}, {"seed": chosen, "lr": uniform}]
    for number, (seed, space, scores) in enumerate(
        (
            (3, spaces[0], [0.25, 0.75, 0.5, -1.0]),
            (9, spaces[1], [-5.0, -3.0, -4.0]),
            (3, spaces[1], [nan, 0.5, 0.25]),
            (4, spaces[0], [0.5, nan, 0.75, nan]),
            (5, spaces[0], [nan, nan, -2.0]),
            (6, spaces[0], [-inf, 1.0]),
            (7, {"lr": uniform}, [0.125]),
        )
    ):
        args, calls = Loose(0.25, [4, 2], seed=1, name="base"), []
        log = Keeping() if number == 1 else Noted()
        generator = torch.Generator().manual_seed(seed)
        sampled = [{name: draw(generator) for name, draw in space.items()} for _ in scores]

        def train(tried: Any, scores=scores, log=log, calls=calls) -> float:
            calls.append((vars(tried) | {}, len(log.records)))
            return scores[min(len(calls), len(scores)) - 1]

        torch.manual_seed(123)
        with case(zh=f"分数依次是 {scores}", en=f"with the scores {scores}"):
            best, score = random_search(train, args, space, len(scores), seed, log)
            close([tried for tried, _ in calls], [vars(args) | one for one in sampled])
            with case(zh="每次训练之前记了几条", en="how many records there are before each training"):
                close([records for _, records in calls], list(range(len(scores))))
            records = [{"trial": i, "sampled": one, "score": scores[i]} for i, one in enumerate(sampled)]
            close(only(log.records, records), records, equal_nan=True)
            at = max((i for i in range(len(scores)) if not math.isnan(scores[i])), key=lambda i: scores[i])
            close(score, scores[at])
            close(vars(best), vars(args) | sampled[at])
            close(vars(args), {"lr": 0.25, "layers": [4, 2], "seed": 1, "name": "base"})


# The record of experiments


@judged
def test_run_experiment(run_experiment):
    for change, effects, words in (
        ({"name": "new"}, {0: 1.0, 1: 3.0}, "no difference seen"),
        ({"name": "new"}, {4: 1.5, 2: 2.5, 9: 1.75}, "better"),
        ({"lr": 0.5, "name": "new"}, {4: -1.5, 2: -2.5, 9: -1.75}, "worse"),
        ({"name": "new"}, {0: -1.0, 1: -3.0}, "no difference seen"),
        ({"name": "new"}, {7: 0.5, 3: -0.25, 1: 0.0, 2: 0.125}, "no difference seen"),
        ({"name": "new"}, {7: 0.25, 3: 0.25}, "better"),
        ({"name": "new"}, {0: 1.0, 1: 3.0, 2: 1.5, 3: 0.5}, "better"),
        ({"name": "new"}, {7: 0.0, 3: 0.0}, "no difference seen"),
        ({"name": "new"}, {0: 0.5, 1: 2.0, 2: 0.75, 3: 1.5}, "better"),
    ):
        args, log, calls = Loose(0.25, [4], seed=100, name="old"), Noted(), []

        def train(tried: Any, effects=effects, log=log, calls=calls) -> float:
            calls.append((vars(tried) | {}, len(log.records)))
            luck = 8.0 * (tried.seed % 3) - 0.5 * tried.seed
            return luck + (effects.get(tried.seed, 50.0) if tried.name == "new" else 0.0)

        values = list(effects.values())
        mean, error = sum(values) / len(values), float(np.std(values, ddof=1)) / len(values) ** 0.5
        given = dict(change)
        with case(zh=f"种子的效果是 {effects}", en=f"with the effects {effects} by seed"):
            close(run_experiment(train, args, given, "it helps, because …", iter(effects), log), (mean, error))
            base = vars(args) | {"seed": 0}
            expected = [base | {"seed": s} for s in effects] + [base | change | {"seed": s} for s in effects]
            with case(zh="训练用的设置", en="the settings that were trained"):
                ordered = sorted(
                    (tried for tried, _ in calls), key=lambda tried: (tried["name"] == "new", tried["seed"])
                )
                close(ordered, sorted(expected, key=lambda tried: (tried["name"] == "new", tried["seed"])))
            with case(zh="每次训练之前记了几条", en="how many records there are before each training"):
                close([records for _, records in calls], [1] * (2 * len(effects)))
            records = [{"hypothesis": "it helps, because …", "change": change}]
            records += [{"result": [mean, error], "conclusion": words}]
            close(only(log.records, records), records)
            close(vars(args), {"lr": 0.25, "layers": [4], "seed": 100, "name": "old"})
            close(given, change)
    for hypothesis, change in (("", {"name": "new"}), (" \n\t", {"name": "new"}), ("because", {"nmae": "new"})):
        log, calls = Noted(), []
        with case(
            zh=f"假设 {hypothesis!r}，改动 {change}", en=f"with the hypothesis {hypothesis!r} and the change {change}"
        ):
            raises(
                ValueError,
                run_experiment,
                lambda tried, calls=calls: calls.append(1) or 0.5,
                args,
                change,
                hypothesis,
                [1, 2],
                log,
            )
            counts = [len(calls), len(log.records)]
            close([min(count, 1) for count in counts] if OBSERVERS else counts, [0, 0])
