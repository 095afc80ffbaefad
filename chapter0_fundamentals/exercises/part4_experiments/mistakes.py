"""The wrong answers of the lesson on experiments, each explained in a sentence."""

import ast
import contextlib
import copy
import dataclasses
import json
import math
import os
import pathlib
import statistics
import tempfile

import torch
import torch.nn.functional as F

from coach import mistake
from part4_experiments import solutions

# Write down every run


@mistake(
    "update_args", zh="原来的 `args` 被改动了：要造一个新对象。", en="`args` itself was changed: make a new object."
)
def changes_in_place(args, sampled):
    for name, value in sampled.items():
        if name not in vars(args):
            raise ValueError(name)
        object.__setattr__(args, name, value)
    return args


@mistake(
    "update_args",
    zh="不认识的名字没有报错：要报 `ValueError`。",
    en="An unknown name raises no error: raise `ValueError`.",
)
def ignores_unknown(args, sampled):
    names = {field.name for field in dataclasses.fields(args)}
    return dataclasses.replace(args, **{name: value for name, value in sampled.items() if name in names})


@mistake(
    "update_args",
    zh="不认识的名字报的是 `TypeError`（`dataclasses.replace` 自己的错）：要报 `ValueError`。",
    en="An unknown name raises `TypeError`, the error of `dataclasses.replace` itself: raise `ValueError`.",
)
def type_error(args, sampled):
    return dataclasses.replace(args, **sampled)


@mistake(
    "update_args",
    zh="没有提到的字段回到了默认值：它们要照旧。",
    en="Fields not mentioned are back at their defaults: they stay.",
)
def back_to_defaults(args, sampled):
    solutions.update_args(args, sampled)
    required = {f.name: getattr(args, f.name) for f in dataclasses.fields(args) if f.default is dataclasses.MISSING}
    return type(args)(**(required | dict(sampled)))


@mistake(
    "update_args",
    zh="值为 0、`None` 之类的被跳过了：它们也是值。",
    en="Values such as 0 or `None` are skipped: they are values too.",
)
def skips_falsy(args, sampled):
    solutions.update_args(args, sampled)
    return dataclasses.replace(args, **{name: value for name, value in sampled.items() if value})


@mistake(
    "update_args",
    zh="只换了一个字段：`sampled` 里的都要换。",
    en="Only one field is changed: change all that are in `sampled`.",
)
def first_only(args, sampled):
    solutions.update_args(args, sampled)
    return dataclasses.replace(args, **dict(list(sampled.items())[:1]))


@mistake(
    "update_args",
    zh="返回的是字典：要返回与 `args` 同类的对象。",
    en="It returns a dictionary: return an object of the class of `args`.",
)
def as_dictionary(args, sampled):
    return dataclasses.asdict(solutions.update_args(args, sampled))


@mistake(
    "update_args",
    zh="错误里没有那个名字：把它写进话里。",
    en="The error doesn't contain the name: put it into the message.",
)
def silent_error(args, sampled):
    try:
        return dataclasses.replace(args, **sampled)
    except TypeError:
        raise ValueError("wrong settings") from None


@mistake(
    "update_args",
    zh="不认识的名字报的是 `KeyError`：要报 `ValueError`。",
    en="An unknown name raises `KeyError`: raise `ValueError`.",
)
def key_error(args, sampled):
    try:
        return dataclasses.replace(args, **sampled)
    except TypeError as error:
        raise KeyError(str(sampled)) from error


@mistake(
    "update_args",
    zh="冻结的 dataclass 上报错：它的字段不能赋值，要造一个新对象（`dataclasses.replace`）。",
    en="It fails on a frozen dataclass, whose fields can't be assigned: make a new object, by `dataclasses.replace`.",
)
def assigns_to_copy(args, sampled):
    solutions.update_args(args, sampled)
    changed = copy.copy(args)
    for name, value in sampled.items():
        setattr(changed, name, value)
    return changed


@mistake(
    "update_args",
    zh="用 `hasattr` 检查：方法和 `__class__` 之类也通过了，那不是字段；看 `dataclasses.fields`。",
    en="It checks by `hasattr`, which methods and names such as `__class__` pass, too: look at `dataclasses.fields`.",
)
def any_attribute(args, sampled):
    for name in sampled:
        if not hasattr(args, name):
            raise ValueError(name)
    return dataclasses.replace(args, **sampled)


@mistake(
    "update_args",
    zh="用了 `asdict`：字段里的 dataclass 也变成了字典；没有提到的字段要照旧。",
    en="It uses `asdict`, by which a dataclass in a field becomes a dictionary, too: fields not mentioned stay.",
)
def flattens_fields(args, sampled):
    solutions.update_args(args, sampled)
    return type(args)(**dataclasses.asdict(args) | dict(sampled))


@mistake("update_args", zh="什么都没换：返回的还是 `args`。", en="Nothing changes: it returns `args` as it was.")
def unchanged(args, sampled):
    solutions.update_args(args, sampled)
    return args


@mistake(
    "RunLog",
    zh='打开时清空了文件：模式 `"w"` 会删掉已有的行，要用 `"a"`。',
    en='Opening empties the file: mode `"w"` removes the lines that were there; use `"a"`.',
)
class Truncates(solutions.RunLog):
    def __init__(self, path):
        super().__init__(path)
        self.file.close()
        self.file = open(path, "w", encoding="utf-8")  # noqa: SIM115


@mistake(
    "RunLog",
    zh="没有 `flush`：别人在关闭之前读不到这一条。",
    en="It doesn't flush: until it is closed, others can't read the record.",
)
class NeverFlushes(solutions.RunLog):
    def log(self, record):
        self.file.write(json.dumps(dict(record), default=lambda value: value.item()) + "\n")


@mistake("RunLog", zh="文件夹不存在时没有造出来。", en="A missing folder isn't made.")
class NeedsFolder(solutions.RunLog):
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")  # noqa: SIM115


@mistake(
    "RunLog",
    zh="只造了最里面一层文件夹：上层也可能不存在（`parents=True`）。",
    en="Only the innermost folder is made: those above may be missing too (`parents=True`).",
)
class OneFolderOnly(solutions.RunLog):
    def __init__(self, path):
        pathlib.Path(path).parent.mkdir(exist_ok=True)
        super().__init__(path)


@mistake(
    "RunLog",
    zh="文件夹已经存在时报了错（`exist_ok=True`）。",
    en="It fails where the folder exists already (`exist_ok=True`).",
)
class FolderMustBeNew(solutions.RunLog):
    def __init__(self, path):
        pathlib.Path(path).parent.mkdir(parents=True)
        super().__init__(path)


@mistake("RunLog", zh="没有换行：记录都连成了一行。", en="The line break is missing: all records run into one line.")
class NoLineBreak(solutions.RunLog):
    def log(self, record):
        self.file.write(json.dumps(dict(record), default=lambda value: value.item()))
        self.file.flush()


@mistake("RunLog", zh="一条记录占了好几行：不要缩进（`indent`）。", en="One record takes several lines: don't indent.")
class Indented(solutions.RunLog):
    def log(self, record):
        self.file.write(json.dumps(dict(record), default=lambda value: value.item(), indent=1) + "\n")
        self.file.flush()


@mistake(
    "RunLog",
    zh="写的不是 JSON，是 Python 的写法（单引号、`None`）：用 `json.dumps`。",
    en="It writes Python's notation (single quotes, `None`) and not JSON: use `json.dumps`.",
)
class PythonNotation(solutions.RunLog):
    def log(self, record):
        json.dumps(dict(record), default=lambda value: value.item())
        self.file.write(str(dict(record)) + "\n")
        self.file.flush()


@mistake(
    "RunLog",
    zh="张量写不进去：`json` 不认识它们，给它一个 `default`。",
    en="Tensors can't be written: `json` doesn't know them; give it a `default`.",
)
class NoTensors(solutions.RunLog):
    def log(self, record):
        self.file.write(json.dumps(dict(record)) + "\n")
        self.file.flush()


@mistake(
    "RunLog",
    zh="只换了最外层的张量，里层的写不进去：给 `json.dumps` 一个 `default`，哪一层都管得到。",
    en="Only tensors at the top become numbers, and those deeper inside can't be written: a `default` for `json.dumps` reaches them all.",
)
class NumbersAtTheTop(solutions.RunLog):
    def log(self, record):
        plain = {key: value.item() if hasattr(value, "item") else value for key, value in record.items()}
        self.file.write(json.dumps(plain) + "\n")
        self.file.flush()


@mistake(
    "RunLog",
    zh='张量写成了文字，如 `"tensor(1.5)"`：要写成数。',
    en='Tensors are written as text, such as `"tensor(1.5)"`: write numbers.',
)
class TensorsAsText(solutions.RunLog):
    def log(self, record):
        self.file.write(json.dumps(dict(record), default=str) + "\n")
        self.file.flush()


@mistake(
    "RunLog",
    zh="张量写成了列表，两个元素的也写进去了：只写一个元素的，写成数。",
    en="Tensors are written as lists, even with two elements: write those with one element, as numbers.",
)
class TensorsAsLists(solutions.RunLog):
    def log(self, record):
        super().log(json.loads(json.dumps(dict(record), default=lambda value: value.reshape(-1).tolist())))


@mistake(
    "RunLog",
    zh="写不出来的记录在文件里留下了半行：先用 `json.dumps` 写成文字，再写进文件。",
    en="A record that can't be written leaves half a line in the file: make the text by `json.dumps` first, then write it.",
)
class HalfLines(solutions.RunLog):
    def log(self, record):
        try:
            json.dump(dict(record), self.file, default=lambda value: value.item())
            self.file.write("\n")
        finally:
            self.file.flush()


@mistake(
    "RunLog",
    zh="写不出来的记录被悄悄丢掉了：要报错。",
    en="A record that can't be written is silently dropped: raise an error.",
)
class DropsBadRecords(solutions.RunLog):
    def log(self, record):
        try:
            super().log(record)
        except Exception:
            return


@mistake(
    "RunLog",
    zh="文件末尾的半行没有补上换行，新的一行接在了它后面：两条都毁了。",
    en="Half a line at the end of the file gets no line break, so the new record is glued to it: both are lost.",
)
class GluesToHalfLine(solutions.RunLog):
    def __init__(self, path):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.file = open(path, "a", encoding="utf-8")  # noqa: SIM115


@mistake(
    "RunLog",
    zh="每次打开都补一个换行，文件里多出空行：只在末尾是半行时补。",
    en="Each opening adds a line break, which leaves empty lines: add it only after half a line.",
)
class AlwaysBreaks(GluesToHalfLine):
    def __init__(self, path):
        super().__init__(path)
        self.file.write("\n")


@mistake(
    "RunLog",
    zh="文件非空就补换行，即使末尾已经有了：看最后一个字节。",
    en="A file that isn't empty gets a line break even where it ends in one: look at its last byte.",
)
class BreaksIfNotEmpty(GluesToHalfLine):
    def __init__(self, path):
        super().__init__(path)
        self.file.write("\n" if os.path.getsize(path) else "")


@mistake(
    "RunLog", zh="末尾的半行被删掉了：日志只添不改。", en="The half line at the end is removed: a log is only added to."
)
class RemovesHalfLine(GluesToHalfLine):
    def __init__(self, path):
        path = pathlib.Path(path)
        if path.is_file():
            content = path.read_bytes()
            path.write_bytes(content[: content.rfind(b"\n") + 1])
        super().__init__(path)


@mistake(
    "RunLog",
    zh="张量用 `tolist` 写：两个元素的也写进去了，有轴的还成了列表；只写一个元素的，写成数。",
    en="Tensors are written by `tolist`: even two elements are, and what has axes becomes lists; write one element, as a number.",
)
class ByToList(solutions.RunLog):
    def log(self, record):
        self.file.write(json.dumps(dict(record), default=lambda value: value.tolist()) + "\n")
        self.file.flush()


@mistake(
    "RunLog",
    zh="传入的字典被改动了（里面的张量换成了数）：先造一个新的，或者用 `default`。",
    en="The dictionary passed in is changed (its tensors become numbers): make a new one, or use `default`.",
)
class ChangesRecord(solutions.RunLog):
    def log(self, record):
        super().log(record)
        record.update({key: value.item() for key, value in record.items() if hasattr(value, "item")})  # type: ignore


@mistake(
    "RunLog",
    zh="末尾断在一个汉字中间时报 `UnicodeDecodeError`：看最后一个字节，不要当文字读。",
    en="Where the file ends within a character it raises `UnicodeDecodeError`: look at the last byte, don't read text.",
)
class ReadsText(solutions.RunLog):
    def __init__(self, path):
        if os.path.exists(path):
            pathlib.Path(path).read_text(encoding="utf-8")
        super().__init__(path)


@mistake("RunLog", zh="`path` 是字符串时报了错。", en="It fails where `path` is a string.")
class PathsOnly(solutions.RunLog):
    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)  # type: ignore
        super().__init__(path)


@mistake(
    "read_log", zh="文件不存在时报了错：要返回空列表。", en="It fails where there is no file: return an empty list."
)
def needs_file(path):
    with open(path, encoding="utf-8"):
        return solutions.read_log(path)


@mistake(
    "read_log",
    zh="文件不存在时返回了 `None`：要返回空列表。",
    en="Without a file it returns `None`: return an empty list.",
)
def none_without_file(path):
    return solutions.read_log(path) if os.path.exists(path) else None


@mistake("read_log", zh="遇到半行就报错：跳过它。", en="Half a line raises an error: skip it.")
def fails_at_half(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        return [json.loads(line) for line in file]


@mistake(
    "read_log",
    zh="遇到半行就停下，后面的记录都丢了：只跳过这一行。",
    en="It stops at half a line, and all later records are lost: skip that line only.",
)
def stops_at_half(path):
    records = []
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            try:
                for line in file:
                    records.append(json.loads(line))
            except json.JSONDecodeError:
                pass
    return records


@mistake(
    "read_log",
    zh="有一个半行，就什么也不返回：只跳过这一行。",
    en="With one half line nothing is returned: skip that line only.",
)
def all_or_nothing(path):
    try:
        return fails_at_half(path)
    except json.JSONDecodeError:
        return []


@mistake(
    "read_log",
    zh="只容许最后一行是半行：中间也可能有。",
    en="Only the last line may be half written: one in the middle may be, too.",
)
def last_line_only(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        content = file.read().split("\n")
    return [json.loads(line) for line in content[:-1]]


@mistake(
    "read_log",
    zh='断在汉字中间的半行报了 `UnicodeDecodeError`：用 `errors="replace"` 打开。',
    en='Half a line that ends within a character raises `UnicodeDecodeError`: open with `errors="replace"`.',
)
def strict_decoding(path):
    if not os.path.exists(path):
        return []
    records = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError:
                continue
    return records


@mistake("read_log", zh="不论是否完整，最后一行都没有读。", en="The last line is never read, even when it is whole.")
def drops_last(path):
    if not os.path.exists(path):
        return []
    content = pathlib.Path(path).read_text(encoding="utf-8", errors="replace").strip().split("\n")[:-1]
    found = []
    for line in content:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


@mistake(
    "read_log", zh="半行变成了 `None`，留在列表里：跳过它。", en="Half a line becomes a `None` in the list: skip it."
)
def none_for_half(path):
    if not os.path.exists(path):
        return []
    found = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                found.append(None)
    return found


@mistake(
    "read_log",
    zh="用 `splitlines` 切开：它在 U+2028、U+0085 等字符处也切，有这些字符的记录就丢了；一行只到 `\\n` 为止。",
    en="It cuts by `splitlines`, which also cuts at U+2028, U+0085 and the like, and loses records that hold them: a line ends at `\\n` only.",
)
def by_splitlines(path):
    found = []
    if os.path.exists(path):
        for line in pathlib.Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
    return found


@mistake(
    "read_log",
    zh="返回的是各行的文字：每行要用 `json.loads` 变成字典。",
    en="It returns the lines as text: make a dictionary of each by `json.loads`.",
)
def as_text(path):
    return [json.dumps(record, ensure_ascii=False) for record in solutions.read_log(path)]


def parsed(path, parse, wanted=lambda line: True):
    """Each line that is wanted and can be parsed."""
    found = []
    if os.path.exists(path):
        for line in pathlib.Path(path).read_text(encoding="utf-8", errors="replace").split("\n"):
            if wanted(line):
                with contextlib.suppress(ValueError, SyntaxError):
                    found.append(parse(line.strip()))
    return found


@mistake(
    "read_log",
    zh="用 Python 的写法来读（`literal_eval`、`eval`）：有 `null`、`true`、`false` 的行都丢了；用 `json.loads`。",
    en="It reads Python's notation (`literal_eval`): lines with `null`, `true` or `false` are lost; use `json.loads`.",
)
def python_notation(path):
    return parsed(path, ast.literal_eval)


@mistake(
    "read_log",
    zh="以 `}` 结尾就当作完整的：半行也可能断在里层字典的 `}` 后面；试着读，读不出就跳过。",
    en="A line that ends in `}` passes for whole: half a line may end after the `}` of an inner dictionary; try, and skip what fails.",
)
def trusts_brace(path):
    if not os.path.exists(path):
        return []
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    return [json.loads(line) for line in text.split("\n") if line.strip().endswith("}")]


@mistake(
    "read_log",
    zh="`step` 相同的几条记录只留下了最后一条：每行都要。",
    en="Of records with the same `step` only the last is kept: return one for each line.",
)
def last_of_a_step(path):
    found = {}
    for number, record in enumerate(solutions.read_log(path)):
        found[record.get("step", -1 - number)] = record
    return list(found.values())


@mistake(
    "read_log",
    zh="`step` 相同的几条记录只留下了第一条：每行都要。",
    en="Of records with the same `step` only the first is kept: return one for each line.",
)
def first_of_a_step(path):
    found = {}
    for number, record in enumerate(solutions.read_log(path)):
        found.setdefault(record.get("step", -1 - number), record)
    return list(found.values())


@mistake(
    "read_log",
    zh="完全相同的几行只留下了一条：每行都要。",
    en="Of lines that are the same only one is kept: return one for each line.",
)
def without_repeats(path):
    records = solutions.read_log(path)
    return [record for number, record in enumerate(records) if str(record) not in map(str, records[:number])]


@mistake("read_log", zh="记录的顺序倒过来了。", en="The records are in reverse order.")
def reversed_order(path):
    return solutions.read_log(path)[::-1]


@mistake(
    "read_log",
    zh="读的时候把半行从文件里删掉了：只读，不写。",
    en="Reading removes the half lines from the file: only read, never write.",
)
def repairs_file(path):
    records = solutions.read_log(path)
    if os.path.exists(path):
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        pathlib.Path(path).write_bytes(text.encode())
    return records


# A trainer


def stepped(
    model,
    optimizer,
    scheduler,
    images,
    labels,
    max_norm,
    *,
    train=True,
    clear=True,
    clip=True,
    schedule=True,
    step=True,
    norm_after=False,
    lr_after=False,
    schedule_first=False,
    reduction="mean",
):
    """`training_step` with a choice of faults."""
    if train:
        model.train()
    if schedule_first:
        scheduler.step()
    loss = F.cross_entropy(model(images), labels, reduction=reduction)
    if clear:
        optimizer.zero_grad()
    loss.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm if clip else math.inf))
    if norm_after:
        norm = float(torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None]))
    lr = optimizer.param_groups[0]["lr"]
    if step:
        optimizer.step()
    if schedule and not schedule_first:
        scheduler.step()
    lr = optimizer.param_groups[0]["lr"] if lr_after else lr
    return {"loss": loss.item(), "grad_norm": norm, "lr": lr}


@mistake("training_step", zh="没有切到 `train` 模式。", en="It doesn't put the model into `train` mode.")
def no_train_mode(*args):
    return stepped(*args, train=False)


@mistake(
    "training_step",
    zh="没有清空梯度：上一步剩下的也算了进来。",
    en="The gradients aren't cleared: those of the last step count as well.",
)
def never_clears(*args):
    return stepped(*args, clear=False)


@mistake("training_step", zh="没有裁剪。", en="The gradients aren't clipped.")
def never_clips(*args):
    return stepped(*args, clip=False)


@mistake(
    "training_step",
    zh="没有调用 `scheduler.step()`：学习率一直不变。",
    en="`scheduler.step()` isn't called: the learning rate never changes.",
)
def never_schedules(*args):
    return stepped(*args, schedule=False)


@mistake(
    "training_step",
    zh="没有调用 `optimizer.step()`：参数不动。",
    en="`optimizer.step()` isn't called: the parameters don't move.",
)
def never_steps(*args):
    return stepped(*args, step=False)


@mistake(
    "training_step",
    zh='`"grad_norm"` 是裁剪之后的范数：要裁剪之前的。',
    en='`"grad_norm"` is the norm after clipping: it should be the one before.',
)
def norm_after_clipping(*args):
    return stepped(*args, norm_after=True)


@mistake(
    "training_step",
    zh='`"lr"` 是下一步的学习率：在 `scheduler.step()` 之前读。',
    en='`"lr"` is the next step\'s learning rate: read it before `scheduler.step()`.',
)
def lr_of_next_step(*args):
    return stepped(*args, lr_after=True)


@mistake(
    "training_step",
    zh="调度走在了前面，第一步用的已经是第二个学习率：先 `optimizer.step()`。",
    en="The schedule goes first, so that the first step uses the second learning rate: `optimizer.step()` comes first.",
)
def schedules_first(*args):
    return stepped(*args, schedule_first=True)


@mistake(
    "training_step",
    zh='先 `scheduler.step()`，再 `optimizer.step()`：这一步用的已经是下一个学习率，不是 `"lr"` 里的。',
    en='`scheduler.step()` comes before `optimizer.step()`: the step uses the next learning rate, and not that in `"lr"`.',
)
def schedules_before_step(model, optimizer, scheduler, *rest):
    lr = optimizer.param_groups[0]["lr"]
    return stepped(model, optimizer, scheduler, *rest, schedule_first=True) | {"lr": lr}


@mistake(
    "training_step",
    zh="有冻结的参数时报错：它的 `.grad` 是 `None`，要跳过。",
    en="It fails where a parameter is frozen: its `.grad` is `None`, so leave it out.",
)
def needs_all_gradients(model, *rest):
    found = stepped(model, *rest)
    if any(p.grad is None for p in model.parameters()):
        raise AttributeError("'NoneType' object has no attribute 'flatten'")
    return found


@mistake(
    "training_step",
    zh='`"lr"` 总是最初的学习率（`base_lrs`）：要这一步用的。',
    en='`"lr"` is always the first learning rate (`base_lrs`): it should be the one of this step.',
)
def first_lr(model, optimizer, scheduler, *rest):
    return stepped(model, optimizer, scheduler, *rest) | {"lr": scheduler.base_lrs[0]}


def numbers_as_tensors(name, zh, en, keys):
    def step(*args):
        found = stepped(*args)
        return found | {key: torch.tensor(found[key]) for key in keys}

    step.__name__ = name
    mistake("training_step", zh=zh, en=en)(step)


numbers_as_tensors(
    "tensors_returned",
    "损失和范数是张量：要 Python 的数（`.item()`）。",
    "Loss and norm are tensors: return Python numbers, by `.item()`.",
    ("loss", "grad_norm"),
)
numbers_as_tensors(
    "loss_as_tensor",
    "损失是张量：要 Python 的数（`.item()`）。",
    "The loss is a tensor: return a Python number, by `.item()`.",
    ("loss",),
)
numbers_as_tensors(
    "norm_as_tensor",
    "范数是张量：要 Python 的数（`.item()`）。",
    "The norm is a tensor: return a Python number, by `.item()`.",
    ("grad_norm",),
)


@mistake("training_step", zh="损失是这一批的和：要平均。", en="The loss is the batch's sum: it should be its mean.")
def summed_loss(*args):
    return stepped(*args, reduction="sum")


@mistake(
    "training_step",
    zh="`zero_grad` 在 `backward` 之后：梯度清空了，参数不动。",
    en="`zero_grad` comes after `backward`: the gradients are gone before the step.",
)
def clears_too_late(model, optimizer, scheduler, images, labels, max_norm):
    model.train()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.zero_grad(set_to_none=False)
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm))
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return {"loss": loss.item(), "grad_norm": norm, "lr": lr}


@mistake(
    "training_step",
    zh="返回的损失是更新*之后*又算了一遍的：要更新之前的。",
    en="The loss is computed again *after* the update: return the one before it.",
)
def loss_after(model, optimizer, scheduler, images, labels, max_norm):
    found = stepped(model, optimizer, scheduler, images, labels, max_norm)
    with torch.no_grad():
        return found | {"loss": F.cross_entropy(model(images), labels).item()}


@mistake(
    "training_step",
    zh="裁剪的是每个*元素*（`clip_grad_value_`）：要按总范数裁剪。",
    en="Each *element* is clipped (`clip_grad_value_`): clip by the total norm.",
)
def clips_values(model, optimizer, scheduler, images, labels, max_norm):
    model.train()
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), math.inf))
    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return {"loss": loss.item(), "grad_norm": norm, "lr": lr}


@mistake(
    "training_step",
    zh="每个参数各自裁剪：要把所有梯度当作一个向量。",
    en="Each parameter is clipped on its own: take all gradients as one vector.",
)
def clips_each(model, optimizer, scheduler, images, labels, max_norm):
    model.train()
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), math.inf))
    for p in model.parameters():
        torch.nn.utils.clip_grad_norm_([p], max_norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return {"loss": loss.item(), "grad_norm": norm, "lr": lr}


@mistake(
    "training_step",
    zh="梯度总是放大或缩小到 `max_norm`：范数不到上限的不要动。",
    en="Gradients are always scaled to `max_norm`: leave them where the norm is below it.",
)
def always_scales(model, optimizer, scheduler, images, labels, max_norm):
    model.train()
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), math.inf))
    for p in model.parameters():
        if p.grad is not None:
            p.grad.mul_(max_norm / norm)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return {"loss": loss.item(), "grad_norm": norm, "lr": lr}


@mistake(
    "training_step",
    zh="只返回了损失：要返回三个数的字典。",
    en="Only the loss is returned: return the dictionary of three numbers.",
)
def loss_only(*args):
    return stepped(*args)["loss"]


@mistake(
    "training_step",
    zh="之后切到了 `eval` 模式：留在 `train` 模式。",
    en="It ends in `eval` mode: leave the model in `train` mode.",
)
def ends_in_eval(model, *args):
    found = stepped(model, *args)
    model.eval()
    return found


@mistake(
    "training_step",
    zh="之后恢复了调用之前的模式：应当留在 `train` 模式，不论之前是哪种。",
    en="It puts the mode from before the call back: leave the model in `train` mode, whatever it was in.",
)
def puts_the_mode_back(model, *args):
    training = model.training
    found = stepped(model, *args)
    model.train(training)
    return found


# Killed, and resumed


def without(name, zh, en):
    """`capture_state` that forgets one part."""

    def capture(trainer):
        return {key: value for key, value in solutions.capture_state(trainer).items() if key != name}

    capture.__name__ = f"without_{name}"
    mistake("capture_state", zh=zh, en=en)(capture)


for part, zh, en in (
    ("model", "没有存模型。", "The model isn't saved."),
    (
        "optimizer",
        "没有存优化器：它的滑动平均会从 0 开始。",
        "The optimiser isn't saved: its running means would start from 0.",
    ),
    (
        "scheduler",
        "没有存调度器：它会从第 0 步重新预热。",
        "The scheduler isn't saved: it would warm up again from step 0.",
    ),
    (
        "order",
        "没有存 `order` 的状态：数据的顺序会不同。",
        "The state of `order` isn't saved: the order of the data would differ.",
    ),
    (
        "torch",
        "没有存全局发生器的状态：`Dropout` 和噪声会不同。",
        "The state of the global generator isn't saved: `Dropout` and noise would differ.",
    ),
    ("epoch", "没有存走了几轮。", "The number of epochs isn't saved."),
):
    without(part, zh, en)


def live_state(trainer):
    state = {name: getattr(trainer, name).state_dict() for name in ("model", "optimizer", "scheduler")}
    return state | {"order": trainer.order.get_state(), "torch": torch.get_rng_state(), "epoch": trainer.epoch}


@mistake(
    "capture_state",
    zh="不是快照：`state_dict()` 与模型、优化器共用内存，接着训练它就变了（`dict` 和 `copy.copy` 也不复制里面的张量）；用 `copy.deepcopy`。",
    en="It is no snapshot: `state_dict()` shares its memory with model and optimiser, and changes as training goes on (`dict` and `copy.copy` don't copy the tensors inside either); use `copy.deepcopy`.",
)
def shares_memory(trainer):
    return live_state(trainer)


@mistake(
    "capture_state",
    zh="只有模型是快照：优化器的 `state_dict()` 还与它共用内存。",
    en="Only the model is a snapshot: the optimiser's `state_dict()` still shares its memory.",
)
def optimizer_shared(trainer):
    state = live_state(trainer)
    return state | {"model": copy.deepcopy(state["model"]), "scheduler": copy.deepcopy(state["scheduler"])}


@mistake(
    "capture_state",
    zh="只有优化器是快照：模型的 `state_dict()` 还与参数共用内存。",
    en="Only the optimiser is a snapshot: the model's `state_dict()` still shares memory with its parameters.",
)
def model_shared(trainer):
    state = live_state(trainer)
    return state | {"optimizer": copy.deepcopy(state["optimizer"]), "scheduler": copy.deepcopy(state["scheduler"])}


@mistake(
    "capture_state",
    zh="存的是对象本身：要它们的 `state_dict()`。",
    en="It keeps the objects themselves: keep their `state_dict()`.",
)
def objects(trainer):
    return solutions.capture_state(trainer) | {
        name: getattr(trainer, name) for name in ("model", "optimizer", "scheduler")
    }


@mistake(
    "capture_state",
    zh="模型只存了参数，漏了缓冲区（批归一化的运行统计量）：用 `state_dict()`。",
    en="Of the model only parameters are kept, and buffers (batch norm's running statistics) are missing: use `state_dict()`.",
)
def parameters_only(trainer):
    state = solutions.capture_state(trainer)
    names = {name for name, _ in trainer.model.named_parameters()}
    return state | {"model": {name: value for name, value in state["model"].items() if name in names}}


@mistake(
    "capture_state",
    zh='`"order"` 里是全局发生器的状态：要 `trainer.order` 的。',
    en='`"order"` holds the state of the global generator: it should be that of `trainer.order`.',
)
def order_is_global(trainer):
    return solutions.capture_state(trainer) | {"order": torch.get_rng_state()}


@mistake(
    "capture_state",
    zh='`"torch"` 里是 `trainer.order` 的状态：要全局发生器的。',
    en='`"torch"` holds the state of `trainer.order`: it should be that of the global generator.',
)
def global_is_order(trainer):
    return solutions.capture_state(trainer) | {"torch": trainer.order.get_state()}


@mistake(
    "capture_state",
    zh="存的是种子（`initial_seed()`）：从种子重来，发生器就回到了最开头；要现在的状态。",
    en="It keeps the seed (`initial_seed()`): from the seed a generator starts all over; keep its current state.",
)
def seeds_only(trainer):
    return solutions.capture_state(trainer) | {"order": trainer.order.initial_seed(), "torch": torch.initial_seed()}


@mistake(
    "capture_state",
    zh="拍照时用掉了随机数：之后的训练变了。",
    en="Taking it uses up random numbers: the training after it is another one.",
)
def draws(trainer):
    state = solutions.capture_state(trainer)
    torch.rand(1)
    return state


@mistake(
    "capture_state",
    zh='`"epoch"` 多了 1：照 `trainer.epoch` 存。',
    en='`"epoch"` is one too many: keep `trainer.epoch`.',
)
def epoch_ahead(trainer):
    return solutions.capture_state(trainer) | {"epoch": trainer.epoch + 1}


@mistake(
    "capture_state",
    zh="拍照之前先用掉了一个随机数，存下的已经是后面的状态：不要抽。",
    en="A random number is used up before the state is taken, which is a later one then: draw none.",
)
def draws_before(trainer):
    torch.rand(1)
    return solutions.capture_state(trainer)


@mistake(
    "capture_state",
    zh="模型切到了 `eval` 模式：拍照不许改动训练里的任何东西。",
    en="The model is put into `eval` mode: taking the state must change nothing in the training.",
)
def into_eval(trainer):
    trainer.model.eval()
    return solutions.capture_state(trainer)


@mistake(
    "capture_state",
    zh="模型切到了 `train` 模式：拍照不许改动训练里的任何东西。",
    en="The model is put into `train` mode: taking the state must change nothing in the training.",
)
def into_train(trainer):
    trainer.model.train()
    return solutions.capture_state(trainer)


def restored(trainer, state, without=()):
    """`restore_state` but for some parts."""
    state = copy.deepcopy(dict(state))
    for name in {"model", "optimizer", "scheduler"} - set(without):
        getattr(trainer, name).load_state_dict(state[name])
    if "order" not in without:
        trainer.order.set_state(state["order"])
    if "torch" not in without:
        torch.set_rng_state(state["torch"])
    if "epoch" not in without:
        trainer.epoch = state["epoch"]


@mistake("restore_state", zh="没有放回模型。", en="The model isn't brought back.")
def model_stays(trainer, state):
    restored(trainer, state, ["model"])


@mistake(
    "restore_state",
    zh="没有放回优化器：动量和学习率还是别处的。",
    en="The optimiser isn't brought back: its running means and learning rate are from elsewhere.",
)
def optimizer_stays(trainer, state):
    restored(trainer, state, ["optimizer"])


@mistake(
    "restore_state",
    zh="没有放回调度器：步数还是别处的。",
    en="The scheduler isn't brought back: its number of steps is from elsewhere.",
)
def scheduler_stays(trainer, state):
    restored(trainer, state, ["scheduler"])


@mistake(
    "restore_state",
    zh="没有放回 `order`：数据的顺序不同。",
    en="`order` isn't brought back: the order of the data differs.",
)
def order_stays(trainer, state):
    restored(trainer, state, ["order"])


@mistake(
    "restore_state",
    zh="没有放回全局发生器：`Dropout` 抽的签不同。",
    en="The global generator isn't brought back: `Dropout` draws other numbers.",
)
def torch_stays(trainer, state):
    restored(trainer, state, ["torch"])


@mistake("restore_state", zh="没有放回轮数。", en="The number of epochs isn't brought back.")
def epoch_stays(trainer, state):
    restored(trainer, state, ["epoch"])


@mistake("restore_state", zh="两个发生器都没有放回。", en="Neither of the generators is brought back.")
def generators_stay(trainer, state):
    restored(trainer, state, ["order", "torch"])


@mistake(
    "restore_state",
    zh="只放回了模型：优化器、调度器、发生器和轮数也要。",
    en="Only the model is brought back: optimiser, scheduler, generators and epoch are needed, too.",
)
def only_the_model(trainer, state):
    trainer.model.load_state_dict(state["model"])


@mistake(
    "restore_state",
    zh="优化器直接用了 `state` 里的张量，接着训练就改动了快照：先复制。",
    en="The optimiser uses the tensors in `state` themselves, and the snapshot changes as training goes on: copy first.",
)
def no_copy(trainer, state):
    for name in ("model", "optimizer", "scheduler"):
        getattr(trainer, name).load_state_dict(state[name])
    trainer.order.set_state(state["order"])
    torch.set_rng_state(state["torch"])
    trainer.epoch = state["epoch"]


@mistake(
    "restore_state",
    zh="模型换成了新的对象：优化器手里还是旧的参数；要放进原来的模型。",
    en="The model becomes a new object, while the optimiser holds the old parameters: load into the model that is there.",
)
def new_model(trainer, state):
    restored(trainer, state, ["model"])
    trainer.model = copy.deepcopy(trainer.model)
    trainer.model.load_state_dict(state["model"])


@mistake(
    "restore_state",
    zh="`order` 换成了新的发生器：用 `set_state` 放回原来的那个。",
    en="`order` becomes a new generator: put the state into the one that is there, by `set_state`.",
)
def new_order(trainer, state):
    restored(trainer, state)
    trainer.order = torch.Generator()
    trainer.order.set_state(state["order"])


@mistake("restore_state", zh="两个发生器的状态放反了。", en="The states of the two generators are exchanged.")
def generators_exchanged(trainer, state):
    restored(trainer, state, ["order", "torch"])
    trainer.order.set_state(state["torch"])
    torch.set_rng_state(state["order"])


@mistake(
    "restore_state",
    zh="放回之后又用掉了随机数：之后的训练不同了。",
    en="After bringing it back it uses up random numbers: the training after it differs.",
)
def draws_afterwards(trainer, state):
    restored(trainer, state)
    torch.rand(1)


@mistake(
    "restore_state",
    zh="调度器只放回了步数（`last_epoch`）：它的其余部分还是别处的，要 `load_state_dict`。",
    en="Of the scheduler only its count (`last_epoch`) is brought back, and the rest is from elsewhere: use `load_state_dict`.",
)
def only_the_count(trainer, state):
    restored(trainer, state, ["scheduler"])
    trainer.scheduler.last_epoch = state["scheduler"]["last_epoch"]


@mistake(
    "restore_state",
    zh="训练器已经走得更远时什么也没做：那时也要放回去。",
    en="Where the trainer is already further on, nothing is done: bring the state back then, too.",
)
def only_forward(trainer, state):
    if trainer.epoch <= state["epoch"]:
        restored(trainer, state)


@mistake(
    "save_checkpoint",
    zh="直接写在旧的上面：写到一半出错，旧的就没了；先写旁边再改名。",
    en="It writes over the old one: after an error half-way the old one is gone; write beside it, then rename.",
)
def writes_over(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        torch.save(dict(state), file)
        file.flush()
        os.fsync(file.fileno())


@mistake(
    "save_checkpoint",
    zh="先删掉旧的再写：有一段时间一个检查点也没有。",
    en="It removes the old one before it writes: for a while there is no checkpoint at all.",
)
def removes_first(path, state):
    path.unlink(missing_ok=True)
    solutions.save_checkpoint(path, state)


@mistake(
    "save_checkpoint",
    zh="没有 `os.fsync`：改名之后内容可能还没写到磁盘。",
    en="`os.fsync` is missing: after the renaming the content may not be on the disk yet.",
)
def no_fsync(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    torch.save(dict(state), beside)
    os.replace(beside, path)


def saved(path, state, *, always=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    try:
        with open(beside, "wb") as file:
            torch.save(dict(state), file)
            file.flush()
            os.fsync(file.fileno())
    except Exception:
        if always:
            os.replace(beside, path)
        raise
    os.replace(beside, path)


@mistake(
    "save_checkpoint",
    zh="出错时也改了名（`finally`）：写了一半的换下了旧的；成功了才改名。",
    en="It renames after an error as well (`finally`), and half a file takes the old one's place: rename after a success only.",
)
def renames_always(path, state):
    saved(path, state, always=True)


@mistake(
    "save_checkpoint",
    zh="旧的检查点另存了一份：成功之后，文件夹里不许多出别的文件。",
    en="The old checkpoint is kept under another name: after a success no other file may be in the folder.",
)
def keeps_a_copy(path, state):
    old = path.read_bytes() if path.exists() else None
    saved(path, state)
    if old is not None:
        path.with_suffix(".old").write_bytes(old)


@mistake(
    "save_checkpoint",
    zh="`os.fsync` 在改名之后：那时断电，改好名的文件里可能是空的；要在之前。",
    en="`os.fsync` comes after the renaming: if the power fails in between, the renamed file may be empty; it must come before.",
)
def fsync_too_late(path, state):
    no_fsync(path, state)
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


@mistake("save_checkpoint", zh="文件夹不存在时没有造出来。", en="A missing folder isn't made.")
def needs_folder(path, state):
    with open(path.with_name("x"), "wb"):
        path.with_name("x").unlink()
    solutions.save_checkpoint(path, state)


@mistake(
    "save_checkpoint",
    zh="临时文件留在了文件夹里：要改名，不是复制。",
    en="The temporary file stays in the folder: rename it, don't copy it.",
)
def leaves_temporary(path, state):
    solutions.save_checkpoint(path, state)
    path.with_name(path.name + ".tmp").write_bytes(path.read_bytes())


@mistake(
    "save_checkpoint",
    zh="没有改名：新的检查点只在临时文件里。",
    en="Nothing is renamed: the new checkpoint is in the temporary file only.",
)
def never_renames(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(path.name + ".tmp"), "wb") as file:
        torch.save(dict(state), file)
        os.fsync(file.fileno())


@mistake(
    "save_checkpoint",
    zh="错误被吞掉了：要传出去，否则没人知道没存上。",
    en="The error is swallowed: let it go on, or nobody knows that nothing was saved.",
)
def swallows(path, state):
    try:
        solutions.save_checkpoint(path, state)
    except Exception:
        return


@mistake(
    "save_checkpoint",
    zh="已经有检查点就不存了：新的要换下旧的。",
    en="Where a checkpoint exists nothing is saved: the new one must take its place.",
)
def keeps_first(path, state):
    if not path.exists():
        solutions.save_checkpoint(path, state)


@mistake(
    "save_checkpoint",
    zh="只存了模型：`state` 里的一切都要存。",
    en="Only the model is saved: save all that is in `state`.",
)
def saves_model_only(path, state):
    solutions.save_checkpoint(path, {"model": state["model"]} if "model" in state else state)


@mistake(
    "load_checkpoint",
    zh="没有检查点时报了错：要返回 `None`。",
    en="It fails where there is no checkpoint: return `None`.",
)
def needs_checkpoint(path):
    return torch.load(path, map_location="cpu", weights_only=True)


@mistake(
    "load_checkpoint",
    zh="没有检查点时返回了空字典：要返回 `None`。",
    en="Without a checkpoint it returns an empty dictionary: return `None`.",
)
def empty_dictionary(path):
    return solutions.load_checkpoint(path) if path.is_file() else {}


@mistake(
    "load_checkpoint",
    zh="藏在文件里的代码会运行：用 `weights_only=True`。",
    en="Code that is hidden in the file is run: use `weights_only=True`.",
)
def trusts(path):
    return torch.load(path, map_location="cpu", weights_only=False) if path.is_file() else None


@mistake(
    "load_checkpoint",
    zh="读不懂的文件也返回了 `None`：坏的检查点要报错，别当作没有。",
    en="A file that can't be read gives `None` as well: a broken checkpoint is an error, and not the same as none.",
)
def swallows_everything(path):
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        return None


@mistake("load_checkpoint", zh="读的是旁边没写完的临时文件。", en="It reads the half-written temporary file beside it.")
def reads_temporary(path):
    beside = path.with_name(path.name + ".tmp")
    return (
        torch.load(beside if beside.exists() else path, weights_only=True)
        if path.parent.is_dir() and any(path.parent.iterdir())
        else None
    )


@mistake(
    "load_checkpoint",
    zh="没有检查点时，去读旁边写了一半的临时文件：那时要返回 `None`。",
    en="Where there is no checkpoint it reads the half-written temporary file beside it: return `None` then.",
)
def reads_what_is_there(path):
    if not path.exists() and path.with_name(path.name + ".tmp").exists():
        raise KeyError("half")
    return solutions.load_checkpoint(path)


@mistake(
    "load_checkpoint",
    zh='张量回到了存它们的设备上，没有 GPU 的机器读不了：要 `map_location="cpu"`。',
    en='Tensors go back to the device that they were saved on, which fails without a GPU: use `map_location="cpu"`.',
)
def device_of_old(path):
    return torch.load(path, weights_only=True) if path.is_file() else None


@mistake("load_checkpoint", zh="只返回了模型：要整个状态。", en="Only the model is returned: return the whole state.")
def reads_model_only(path):
    state = solutions.load_checkpoint(path)
    return state if state is None else state["model"]


# Reading loss curves


def answered(name, zh, en, **changes):
    """A diagnosis with some letters wrong."""

    def diagnosis():
        return solutions.diagnose() | changes

    diagnosis.__name__ = name
    mistake("diagnose", zh=zh, en=en)(diagnosis)


HIGH, LOW, SORTED, UNCLEARED, ZERO, LONG = solutions.CAUSES
# In the order in which the test asks for the curves: where several are true, it names the one that it stopped at.
answered(
    "long_and_sorted",
    "C 与 F 反了：C 的两条线分开，训练接近 0，留出集往上走；F 一起一落。",
    "C and F are exchanged: in C the lines part, training near 0 and held-out rising; F goes up and down.",
    C=SORTED,
    F=LONG,
)
answered(
    "long_and_uncleared",
    "A 与 C 反了：C 的训练损失降到接近 0 就留在那里，只有留出集的往上走；A 的两条线一起摆。",
    "A and C are exchanged: the training loss of C falls close to 0 and stays there, and only the held-out one rises; in A both lines swing together.",
    A=LONG,
    C=UNCLEARED,
)
answered(
    "three_in_a_ring",
    "A、D、F 轮换了：A 先降后摆（梯度相加），D 从一开始就下不去（步子太大），F 一类一类地起落（排序）。",
    "A, D and F are rotated: A falls and then swings (gradients add up), D never gets down (steps too large), F goes up and down class by class (sorted).",
    A=HIGH,
    D=SORTED,
    F=UNCLEARED,
)
answered(
    "another_ring",
    "A、D、F 轮换了：A 先降后摆是梯度相加，D 下不去是步子太大，F 的起落是按类排序。",
    "A, D and F are rotated: A, which falls and then swings, is gradients adding up; D, which never gets down, is steps too large; the rhythm of F is sorted classes.",
    A=SORTED,
    D=UNCLEARED,
    F=HIGH,
)
answered(
    "sorted_and_high",
    "D 与 F 反了：F 的训练损失一再降到接近 0，步子太大做不到；它跳上去，是换了一类。",
    "D and F are exchanged: the training loss of F falls close to 0 again and again, which steps too large can't do; it jumps when the class changes.",
    D=SORTED,
    F=HIGH,
)
answered(
    "sorted_and_uncleared",
    "A 与 F 反了：F 有节奏地一起一落，一类一类地来，从头就是这样；A 先下降，后来才摆。",
    "A and F are exchanged: F goes up and down in a rhythm from the beginning, class by class; A falls first and swings later.",
    A=SORTED,
    F=UNCLEARED,
)
answered(
    "high_and_zero",
    "D 与 E 反了：E 从不离开 2.3，线也平；D 一开始就跳得高，留出集的损失乱摆。",
    "D and E are exchanged: E never leaves 2.3, and is flat; D jumps high at the start, and its held-out loss swings.",
    D=ZERO,
    E=HIGH,
)
answered(
    "low_and_zero",
    "B 与 E 反了：B 慢慢地往下走，只是步子小；E 哪里也不去。",
    "B and E are exchanged: B goes down slowly, its steps are small; E goes nowhere.",
    B=ZERO,
    E=LOW,
)
answered(
    "high_and_low",
    "B 与 D 反了：步子太小，线是光滑地慢慢下降的；步子太大才会乱跳。",
    "B and D are exchanged: with steps too small the line falls smoothly and slowly; it jumps with steps too large.",
    B=HIGH,
    D=LOW,
)
answered(
    "low_and_uncleared",
    "A 与 B 反了：A 后来越摆越大，步子太小不会这样。",
    "A and B are exchanged: A swings wider and wider, which steps too small never do.",
    A=LOW,
    B=UNCLEARED,
)
answered(
    "high_and_uncleared",
    "A 与 D 反了：A 先好好地下降，*后来*才越摆越大，那是梯度一直相加；步子太大，从一开始就下不去。",
    "A and D are exchanged: A falls nicely and swings *later*, which is what gradients that add up do; with steps too large it never gets down.",
    A=HIGH,
    D=UNCLEARED,
)


@mistake(
    "diagnose",
    zh="字典反了：键是字母，值是病因。",
    en="The dictionary is the wrong way round: its keys are the letters, and its values the causes.",
)
def letters_by_cause():
    return dict(zip(solutions.CAUSES, "ABCDEF", strict=True))


@mistake("diagnose", zh="还没有写全：六个字母都要有。", en="It isn't complete yet: all six letters are wanted.")
def only_c():
    return {"C": LONG}


class Stopping(solutions.EarlyStopping):
    """A base for faults in `update`."""


@mistake(
    "EarlyStopping", zh="相等也算进步：要*更低*才算。", en="An equal loss counts as progress: only a *lower* one does."
)
class EqualIsProgress(Stopping):
    def update(self, loss):
        return super().update(loss if loss != self.best_loss or math.isinf(loss) else math.nextafter(loss, -math.inf))


@mistake(
    "EarlyStopping",
    zh="多等了一次：连续 `patience` 次没有进步就该停。",
    en="It waits for one update too many: stop when `patience` in a row brought no progress.",
)
class OneTooLate(Stopping):
    def update(self, loss):
        super().update(loss)
        return self.waited > self.patience


@mistake(
    "EarlyStopping",
    zh="早停了一次：要连续 `patience` 次没有进步。",
    en="It stops one update too early: `patience` in a row without progress are needed.",
)
class OneTooEarly(Stopping):
    def update(self, loss):
        super().update(loss)
        return self.waited >= max(self.patience - 1, 1) and self.waited > 0


@mistake(
    "EarlyStopping", zh="与*上一次*比：要与最好的比。", en="It compares with the *last* loss: compare with the best."
)
class ComparesWithLast(Stopping):
    last = math.inf

    def update(self, loss):
        waited = 0 if loss < self.last else self.waited + 1
        super().update(loss)
        self.last, self.waited = loss, waited
        return self.waited >= self.patience


@mistake(
    "EarlyStopping",
    zh="有进步时等待的次数没有归零：要*连续*没有进步。",
    en="Progress doesn't set the waiting back to 0: only updates without progress *in a row* count.",
)
class NeverResets(Stopping):
    total = 0

    def update(self, loss):
        self.total += not loss < self.best_loss
        super().update(loss)
        return self.total >= self.patience


@mistake(
    "EarlyStopping",
    zh="越高越好了：损失越低越好。",
    en="It takes higher for better: a loss is better when it is lower.",
)
class HigherIsBetter(solutions.EarlyStopping):
    def __init__(self, patience):
        super().__init__(patience)
        self.best_loss = -math.inf

    def update(self, loss):
        self.waited += 1
        if loss > self.best_loss:
            self.best_loss, self.best_epoch, self.waited = loss, self.epochs, 0
        self.epochs += 1
        return self.waited >= self.patience


@mistake(
    "EarlyStopping",
    zh="NaN 算作了进步：条件写成“不是更高就是进步”，而与 NaN 的比较总是 `False`。",
    en="NaN counts as progress: the condition takes 'not higher' for progress, and comparisons with NaN are always `False`.",
)
class NanIsProgress(Stopping):
    def update(self, loss):
        self.waited += 1
        if not loss >= self.best_loss:
            self.best_loss, self.best_epoch, self.waited = loss, self.epochs, 0
        self.epochs += 1
        return self.waited >= self.patience


@mistake(
    "EarlyStopping",
    zh="遇到 NaN 什么也不做，等待的次数没有加一：NaN 也是没有进步。",
    en="NaN is skipped, without counting it as waiting: NaN is no progress either.",
)
class SkipsNan(Stopping):
    def update(self, loss):
        if math.isnan(loss):
            self.epochs += 1
            return self.waited >= self.patience
        return super().update(loss)


@mistake(
    "EarlyStopping",
    zh="第一次的损失没有比较就成了最好的，即使它是 NaN，之后再也没有更低的了。",
    en="The first loss becomes the best without a comparison; if it is NaN, nothing is ever lower.",
)
class FirstIsBest(Stopping):
    def update(self, loss):
        if self.epochs == 0:
            self.best_loss, self.epochs = loss, 1
            return False
        return super().update(loss)


@mistake(
    "EarlyStopping",
    zh="`best_epoch` 从 1 数：第一次 `update` 是第 0 次。",
    en="`best_epoch` counts from 1: the first `update` is number 0.",
)
class CountsFromOne(Stopping):
    def update(self, loss):
        stop = super().update(loss)
        if self.waited == 0:
            self.best_epoch = self.epochs
        return stop


@mistake("EarlyStopping", zh="`best_epoch` 不随更低的损失更新。", en="`best_epoch` isn't updated with a lower loss.")
class EpochStays(Stopping):
    def update(self, loss):
        stop = super().update(loss)
        self.best_epoch = 0
        return stop


@mistake(
    "EarlyStopping",
    zh="停了以后就一直说停：遇到更低的损失要回到 `False`。",
    en="Having stopped once it says stop for ever: with a lower loss it is `False` again.",
)
class StopsForever(Stopping):
    stopped = False

    def update(self, loss):
        self.stopped = super().update(loss) or self.stopped
        return self.stopped


@mistake(
    "EarlyStopping",
    zh="说了一次停，就重新等起：之后没有进步，还是该返回 `True`。",
    en="Once it has said stop it begins to wait anew: without progress it should go on saying `True`.",
)
class WaitsAnew(Stopping):
    def update(self, loss):
        stop = super().update(loss)
        self.waited = 0 if stop else self.waited
        return stop


@mistake(
    "EarlyStopping",
    zh="只在正好等满 `patience` 次时说停：之后没有进步，还是该返回 `True`。",
    en="It says stop only just when `patience` is reached: without progress it should go on saying `True`.",
)
class StopsOnce(Stopping):
    def update(self, loss):
        super().update(loss)
        return self.waited == self.patience


@mistake("EarlyStopping", zh="返回值反了：该停时返回 `True`。", en="The answer is reversed: `True` means stop.")
class Reversed(Stopping):
    def update(self, loss):
        return not super().update(loss)


@mistake(
    "EarlyStopping",
    zh="返回的是等了几次：要返回 `True` 或 `False`。",
    en="It returns how long it waited: return `True` or `False`.",
)
class ReturnsCount(Stopping):
    def update(self, loss):
        super().update(loss)
        return self.waited


@mistake(
    "EarlyStopping",
    zh="`best_loss` 存在类上，所有对象共用一个：存在 `self` 上。",
    en="`best_loss` is kept on the class, and all objects share one: keep it on `self`.",
)
class Shared:
    best_loss, best_epoch = math.inf, 0

    def __init__(self, patience):
        type(self).best_loss = math.inf
        self.patience, self.waited, self.epochs = patience, 0, 0

    def update(self, loss):
        self.waited += 1
        if loss < type(self).best_loss:
            type(self).best_loss, self.best_epoch, self.waited = loss, self.epochs, 0
        self.epochs += 1
        return self.waited >= self.patience


# The noise of seeds


@mistake(
    "standard_error",
    zh=r"标准差除以了 $n$ 再开方：要除以 $n-1$。",
    en=r"The standard deviation divides by $n$: divide by $n-1$.",
)
def population(values):
    if len(values) < 2:
        raise ValueError("few")
    return statistics.pstdev(values) / math.sqrt(len(values))


@mistake(
    "standard_error",
    zh=r"这是标准差：还要除以 $\sqrt n$。",
    en=r"This is the standard deviation: divide it by $\sqrt n$.",
)
def deviation_only(values):
    return solutions.standard_error(values) * math.sqrt(len(values))


@mistake("standard_error", zh=r"除以了 $n$：要除以 $\sqrt n$。", en=r"It divides by $n$: divide by $\sqrt n$.")
def by_n(values):
    return solutions.standard_error(values) / math.sqrt(len(values))


@mistake(
    "standard_error",
    zh="用的是方差：要用标准差，开方。",
    en="It uses the variance: use its root, the standard deviation.",
)
def from_variance(values):
    return solutions.standard_error(values) ** 2 * math.sqrt(len(values))


@mistake(
    "standard_error",
    zh="没有开方：这是标准误差的平方。",
    en="The root is missing: this is the square of the standard error.",
)
def squared(values):
    return solutions.standard_error(values) ** 2


@mistake(
    "standard_error",
    zh=r"值都对，但少于两个数时返回了 0：要报 `ValueError`。",
    en="The values are right, but fewer than two numbers give 0: raise `ValueError`.",
)
def zero_for_few(values):
    return solutions.standard_error(values) if len(values) > 1 else 0.0


@mistake(
    "standard_error",
    zh="少于两个数时返回 NaN：要报 `ValueError`。",
    en="For fewer than two numbers it returns NaN: raise `ValueError`.",
)
def nan_for_few(values):
    return solutions.standard_error(values) if len(values) > 1 else math.nan


@mistake(
    "standard_error",
    zh=r"标准差和外面都用了 $n-1$：外面是 $\sqrt n$。",
    en=r"It has $n-1$ in both places: outside it is $\sqrt n$.",
)
def n_minus_1_twice(values):
    return solutions.standard_error(values) * math.sqrt(len(values) / (len(values) - 1 or 1))


@mistake(
    "standard_error",
    zh="用的是到均值的平均*绝对*距离：要平方、平均、开方。",
    en="It uses the mean *absolute* distance: square, average, take the root.",
)
def absolute(values):
    if len(values) < 2:
        raise ValueError("few")
    mean = statistics.fmean(values)
    return sum(abs(value - mean) for value in values) / (len(values) - 1) / math.sqrt(len(values))


@mistake(
    "standard_error",
    zh="方差用的是平方的均值减均值的平方：几个数相等时，舍入会让它略小于 0，开不了方；先减均值，再平方。",
    en="Its variance is the mean of squares minus the square of the mean: where numbers are equal rounding may take it below 0, and it has no root; subtract the mean first, then square.",
)
def squares_of_means(values):
    n = len(values)
    if n < 2:
        raise ValueError("few")
    variance = sum(value * value for value in values) / n - (sum(values) / n) ** 2
    return math.sqrt(variance * n / (n - 1)) / math.sqrt(n)


@mistake(
    "standard_error",
    zh="没有减去均值：距离要从均值量起。",
    en="The mean isn't subtracted: distances are measured from it.",
)
def not_centred(values):
    if len(values) < 2:
        raise ValueError("few")
    return math.sqrt(sum(value**2 for value in values) / (len(values) - 1) / len(values))


@mistake(
    "standard_error",
    zh="只有一个数时算得出 0：少于*两个*就要报 `ValueError`。",
    en="One number gives 0: fewer than *two* raise `ValueError`.",
)
def one_is_enough(values):
    if not values:
        raise ValueError("none")
    return solutions.standard_error(values) if len(values) > 1 else 0.0


@mistake(
    "standard_error",
    zh="只有一个数时报的是 `ZeroDivisionError`：少于*两个*就要报 `ValueError`，先检查。",
    en="One number raises `ZeroDivisionError`: fewer than *two* should raise `ValueError`, so check first.",
)
def divides_for_one(values):
    if len(values) == 1:
        raise ZeroDivisionError("float division by zero")
    return solutions.standard_error(values)


@mistake(
    "standard_error",
    zh="少于两个数时报的不是 `ValueError`，是别的错误：先检查。",
    en="Fewer than two numbers raise another error than `ValueError`: check first.",
)
def divides_for_few(values):
    if len(values) < 2:
        raise ZeroDivisionError("division by zero")
    return solutions.standard_error(values)


@mistake(
    "standard_error",
    zh="全是整数时报错：整数张量求不了 `std`，先变成浮点数。",
    en="It fails where all are whole numbers: a tensor of integers has no `std`, so make floats of them first.",
)
def needs_floats(values):
    if values and all(isinstance(value, int) for value in values):
        raise RuntimeError("std and var only support floating point and complex dtypes")
    return solutions.standard_error(values)


@mistake(
    "compare_seeds",
    zh="差的符号反了：是 `after` 减 `before`。",
    en="The sign is reversed: it is `after` minus `before`.",
)
def before_minus_after(before, after):
    mean, error = solutions.compare_seeds(before, after)
    return -mean, error


@mistake(
    "compare_seeds",
    zh="按位置配对：字典里的顺序可以不同，要按种子配对。",
    en="Paired by place: the dictionaries may be in another order; pair by seed.",
)
def by_place(before, after):
    solutions.compare_seeds(before, after)
    differences = [b - a for a, b in zip(before.values(), after.values(), strict=True)]
    return statistics.fmean(differences), solutions.standard_error(differences)


@mistake(
    "compare_seeds",
    zh="误差是两组不相干的数的：没有配对；先逐个种子相减。",
    en="The error is that of two unrelated groups: nothing is paired; subtract seed by seed first.",
)
def unpaired(before, after):
    mean, _ = solutions.compare_seeds(before, after)
    return mean, math.hypot(*(solutions.standard_error(list(one.values())) for one in (before, after)))


@mistake(
    "compare_seeds",
    zh="返回的是差的标准差：要标准误差。",
    en="It returns the standard deviation of the differences: return their standard error.",
)
def deviation_of_differences(before, after):
    mean, error = solutions.compare_seeds(before, after)
    return mean, error * math.sqrt(len(before))


@mistake(
    "compare_seeds",
    zh="种子不完全相同也比了：要报 `ValueError`。",
    en="It compares although the seeds differ: raise `ValueError`.",
)
def common_seeds(before, after):
    seeds = before.keys() & after.keys()
    if len(seeds) < 2:
        raise ValueError("few")
    differences = [after[seed] - before[seed] for seed in seeds]
    return statistics.fmean(differences), solutions.standard_error(differences)


@mistake(
    "compare_seeds",
    zh="只看了个数：个数相同，种子也可能不同；不同时要报 `ValueError`，不是 `KeyError`。",
    en="Only the numbers of seeds are compared: as many seeds may be different ones; raise `ValueError` then, and not `KeyError`.",
)
def counts_only(before, after):
    if len(before) != len(after):
        raise ValueError("lengths")
    differences = [after[seed] - before[seed] for seed in before]
    return statistics.fmean(differences) if differences else 0.0, solutions.standard_error(differences)


@mistake(
    "compare_seeds",
    zh="只检查了 `before` 的种子：`after` 里多出来的也要报 `ValueError`。",
    en="Only the seeds of `before` are checked: extra ones in `after` must raise `ValueError` too.",
)
def extra_allowed(before, after):
    if not set(before) <= set(after):
        raise ValueError("missing")
    return solutions.compare_seeds(before, {seed: after[seed] for seed in before})


@mistake(
    "compare_seeds",
    zh="两边的分数各自排了序再相减：要按种子配对。",
    en="The scores of each side are sorted before they are subtracted: pair them by seed.",
)
def sorts_scores(before, after):
    solutions.compare_seeds(before, after)
    differences = [b - a for a, b in zip(sorted(before.values()), sorted(after.values()), strict=True)]
    return statistics.fmean(differences), solutions.standard_error(differences)


@mistake(
    "compare_seeds",
    zh="只有一个种子时误差成了 0：少于*两个*要报 `ValueError`。",
    en="A single seed has an error of 0: fewer than *two* should raise `ValueError`.",
)
def one_seed_is_enough(before, after):
    if before.keys() == after.keys() and len(before) == 1:
        return next(after[seed] - before[seed] for seed in before), 0.0
    return solutions.compare_seeds(before, after)


@mistake(
    "compare_seeds",
    zh="种子少了时报的是 `KeyError`，`after` 多出来的又没有发现：种子不完全相同就要报 `ValueError`。",
    en="A missing seed raises `KeyError`, and an extra one in `after` isn't seen: where seeds differ raise `ValueError`.",
)
def looks_up_only(before, after):
    differences = [after[seed] - before[seed] for seed in before]
    if len(differences) < 2:
        raise ValueError("few")
    return statistics.fmean(differences), solutions.standard_error(differences)


@mistake("compare_seeds", zh="少于两个种子时没有报 `ValueError`。", en="Fewer than two seeds raise no `ValueError`.")
def few_allowed(before, after):
    return solutions.compare_seeds(before, after) if len(before) > 1 or set(before) != set(after) else (0.0, 0.0)


@mistake(
    "compare_seeds", zh="返回的是差与误差之比：要两个数。", en="It returns the ratio of the two: return both numbers."
)
def ratio(before, after):
    mean, error = solutions.compare_seeds(before, after)
    return mean / error if error else math.inf


@mistake(
    "compare_seeds",
    zh="两个数的顺序反了：先均值，后标准误差。",
    en="The two numbers are exchanged: first the mean, then the standard error.",
)
def exchanged(before, after):
    return solutions.compare_seeds(before, after)[::-1]


@mistake(
    "compare_seeds",
    zh="用的是差的绝对值：符号说的是更好还是更差，要留着。",
    en="It takes absolute differences: the sign says better or worse, and must stay.",
)
def absolute_differences(before, after):
    solutions.compare_seeds(before, after)
    differences = [abs(after[seed] - before[seed]) for seed in before]
    return statistics.fmean(differences), solutions.standard_error(differences)


@mistake(
    "compare_seeds",
    zh="只返回了均值：还要标准误差。",
    en="Only the mean is returned: the standard error is needed, too.",
)
def mean_only(before, after):
    return solutions.compare_seeds(before, after)[0]


# Finding hyperparameters


def checked(low, high):
    if not 0 < low <= high:
        raise ValueError("range")


def share(generator):
    return torch.rand((), generator=generator, dtype=torch.float64).item()


@mistake(
    "sample_log_uniform",
    zh="抽的是数本身，不是它的对数：大的一端占去了几乎全部机会。",
    en="It draws the number and not its logarithm: the upper end gets nearly all the chance.",
)
def plainly_uniform(low, high, generator):
    checked(low, high)
    return low + (high - low) * share(generator)


@mistake(
    "sample_log_uniform", zh="忘了用 `exp` 变回来：返回的是对数。", en="`exp` is missing: it returns the logarithm."
)
def still_a_logarithm(low, high, generator):
    return math.log(solutions.sample_log_uniform(low, high, generator))


@mistake(
    "sample_log_uniform",
    zh="随机数取自全局发生器：要取自 `generator`。",
    en="It draws from the global generator: draw from `generator`.",
)
def from_global(low, high, generator):
    checked(low, high)
    return low * (high / low) ** torch.rand((), dtype=torch.float64).item()


@mistake(
    "sample_log_uniform",
    zh="每次都把发生器拨回了原处：一再给出同一个数。",
    en="The generator is set back each time: it gives one number again and again.",
)
def seeds_again(low, high, generator):
    checked(low, high)
    return solutions.sample_log_uniform(low, high, generator.manual_seed(generator.initial_seed()))


@mistake("sample_log_uniform", zh="范围不对时没有报 `ValueError`。", en="A wrong range raises no `ValueError`.")
def unchecked(low, high, generator):
    u = share(generator)
    return low * (high / low) ** u if low > 0 else u


@mistake(
    "sample_log_uniform",
    zh="`low` 不大于 0 时没有报 `ValueError`。",
    en="A `low` that isn't above 0 raises no `ValueError`.",
)
def sign_unchecked(low, high, generator):
    if low > high:
        raise ValueError("order")
    return low * (high / low) ** share(generator) if low > 0 else 0.0


@mistake(
    "sample_log_uniform",
    zh="`low` 大于 `high` 时没有报 `ValueError`。",
    en="A `low` above `high` raises no `ValueError`.",
)
def order_unchecked(low, high, generator):
    if low <= 0:
        raise ValueError("sign")
    return low * (high / low) ** share(generator)


@mistake(
    "sample_log_uniform",
    zh="`low` 为 0 时报的不是 `ValueError`，是别的错误：先检查。",
    en="With `low` 0 it raises another error than `ValueError`: check first.",
)
def divides_by_zero(low, high, generator):
    if low < 0 or low > high:
        raise ValueError("range")
    return low * (high / low) ** share(generator)


@mistake(
    "sample_log_uniform",
    zh="两端相等时报了错：那时就返回这个数。",
    en="It fails where both ends are equal: return that number.",
)
def strict_range(low, high, generator):
    if not 0 < low < high:
        raise ValueError("range")
    return low * (high / low) ** share(generator)


@mistake(
    "sample_log_uniform",
    zh="抽的是指数，而且只取整数：只出得来几个数。",
    en="It draws whole exponents: only a few numbers can come out.",
)
def whole_exponents(low, high, generator):
    checked(low, high)
    steps = 4
    return low * (high / low) ** (int(torch.randint(steps + 1, (), generator=generator)) / steps)


@mistake(
    "sample_log_uniform",
    zh="只出得来 `low`、10 倍的 `low`、100 倍……：中间的数也要能抽到，抽的指数不要取整。",
    en="Only `low`, ten times `low`, a hundred times and so on come out: draw exponents that aren't whole.",
)
def powers_of_ten(low, high, generator):
    checked(low, high)
    powers = int(math.log10(high / low)) + 1
    return low * 10.0 ** torch.randint(powers, (), generator=generator).item()


@mistake(
    "sample_log_uniform",
    zh="给全局发生器设了种子，再从它抽：全局的不许动，直接从 `generator` 抽。",
    en="It seeds the global generator and draws from that: leave it alone, and draw from `generator` itself.",
)
def seeds_the_global(low, high, generator):
    checked(low, high)
    torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
    return low * (high / low) ** torch.rand((), dtype=torch.float64).item()


@mistake(
    "sample_log_uniform",
    zh="`low` 为 0 时返回了 0：0 没有对数，要报 `ValueError`。",
    en="With `low` 0 it returns 0: 0 has no logarithm, so raise `ValueError`.",
)
def zero_passes(low, high, generator):
    checked(low or high, high)
    return low * (high / low) ** share(generator) if low else 0.0


@mistake("sample_log_uniform", zh="返回的是张量：要 Python 的数。", en="It returns a tensor: return a Python number.")
def as_tensor(low, high, generator):
    return torch.tensor(solutions.sample_log_uniform(low, high, generator))


@mistake(
    "sample_log_uniform",
    zh="用的是正态分布（`randn`）：要均匀分布（`rand`），否则会落到范围之外。",
    en="It uses a normal distribution (`randn`): use a uniform one (`rand`), or numbers fall outside.",
)
def normally(low, high, generator):
    checked(low, high)
    return low * (high / low) ** (0.5 + 0.25 * torch.randn((), generator=generator).item())


@mistake(
    "sample_log_uniform",
    zh="进去是以 10 为底的对数，出来用的是 $e$：两边要用同一个底。",
    en="The logarithm has base 10, and the way back base $e$: use one base for both.",
)
def two_bases(low, high, generator):
    checked(low, high)
    a, b = math.log10(low), math.log10(high)
    return math.exp(a + (b - a) * share(generator))


def searched(
    train,
    args,
    space,
    trials,
    seed,
    log,
    *,
    generators=lambda seed, trial, kept: kept,
    better=lambda score, best: not math.isnan(score) and not score <= best,
    first=math.nan,
    keeps=False,
    logs="now",
):
    """`random_search` with a choice of faults."""
    kept = torch.Generator().manual_seed(seed)
    best, base, records = (args, first), args, []
    for trial in range(trials):
        generator = generators(seed, trial, kept)
        sampled = {name: draw(generator) for name, draw in space.items()}
        tried = solutions.update_args(base, sampled)
        if logs == "early":
            log.log({"trial": trial, "sampled": sampled, "score": math.nan})
        score = train(tried)
        records.append({"trial": trial, "sampled": sampled, "score": score})
        if logs == "now":
            log.log(records[-1])
        if better(score, best[1]):
            best = tried, score
        base = best[0] if keeps else args
    for record in records if logs == "late" else []:
        log.log(record)
    return best


@mistake(
    "random_search",
    zh="每次试验都用同一个种子造新的发生器，一再试同一个设置：只造一个。",
    en="Each trial makes a new generator with the same seed, and tries the same setting again: make one only.",
)
def new_generator_each_time(*args):
    return searched(*args, generators=lambda seed, trial, kept: torch.Generator().manual_seed(seed))


@mistake(
    "random_search",
    zh="每次试验都用 `seed + trial` 造新的发生器：从头到尾用同一个。",
    en="Each trial makes a new generator with `seed + trial`: use one from first to last.",
)
def generator_per_trial(*args):
    return searched(*args, generators=lambda seed, trial, kept: torch.Generator().manual_seed(seed + trial))


@mistake(
    "random_search",
    zh="没有用 `seed`：发生器总是从同一处开始。",
    en="`seed` isn't used: the generator always starts from the same place.",
)
def ignores_seed(train, args, space, trials, seed, log):
    return searched(train, args, space, trials, 0, log)


@mistake(
    "random_search",
    zh="随机数取自全局发生器：造一个 `torch.Generator().manual_seed(seed)`。",
    en="The random numbers come from the global generator: make a `torch.Generator().manual_seed(seed)`.",
)
def global_generator(*args):
    return searched(*args, generators=lambda seed, trial, kept: torch.default_generator)


@mistake(
    "random_search", zh="返回的是分数最低的：分数越高越好。", en="It returns the lowest score: the higher, the better."
)
def lowest(*args):
    return searched(*args, better=lambda score, best: not math.isnan(score) and not score >= best)


@mistake("random_search", zh="NaN 成了最好的：它从不是最好的。", en="NaN becomes the best: it never is.")
def nan_is_best(*args):
    return searched(*args, better=lambda score, best: not score <= best)


@mistake(
    "random_search",
    zh="最前面的 NaN 赢了（例如用 `max` 挑）：没有什么比 NaN 大；先去掉 NaN。",
    en="A NaN that comes first wins (as with `max`): nothing is greater than NaN; take NaN out first.",
)
def by_max(train, args, space, trials, seed, log):
    tried = []
    generator = torch.Generator().manual_seed(seed)
    for trial in range(trials):
        sampled = {name: draw(generator) for name, draw in space.items()}
        settings = solutions.update_args(args, sampled)
        tried.append((settings, train(settings)))
        log.log({"trial": trial, "sampled": sampled, "score": tried[-1][1]})
    return max(tried, key=lambda one: one[1])


@mistake(
    "random_search",
    zh="最好的分数从 0 开始：分数都是负的时，一个也选不出来；从负无穷开始。",
    en="The best score starts at 0: with negative scores none is ever chosen; start below all.",
)
def starts_at_zero(*args):
    return searched(*args, better=lambda score, best: score > best, first=0.0)


@mistake("random_search", zh="返回的是最后一次的设置：要最好的。", en="It returns the last setting: return the best.")
def last_one(*args):
    return searched(*args, better=lambda score, best: not math.isnan(score))


@mistake(
    "random_search", zh="NaN 的那次没有记进日志：每一次都要记。", en="A trial with NaN isn't logged: log every one."
)
def nan_not_logged(train, args, space, trials, seed, log):
    class Filter:
        def log(self, record):
            if not math.isnan(record["score"]):
                log.log(record)

    return searched(train, args, space, trials, seed, Filter())


@mistake(
    "random_search",
    zh="全部做完才记日志：每一次之后马上记，中途断了才不会白做。",
    en="The log is written after all trials: log each at once, or a kill loses them all.",
)
def logs_late(*args):
    return searched(*args, logs="late")


@mistake("random_search", zh="什么也没有记。", en="Nothing is logged.")
def logs_nothing(*args):
    return searched(*args, logs="never")


@mistake(
    "random_search",
    zh="每次试验之前就记了，那时还没有分数。",
    en="Each trial is logged before it, when there is no score yet.",
)
def logs_early(*args):
    return searched(*args, logs="early")


@mistake("random_search", zh="`trial` 从 1 数：从 0 数。", en="`trial` is counted from 1: count from 0.")
def trials_from_one(train, args, space, trials, seed, log):
    class Shifted:
        def log(self, record):
            log.log(dict(record) | {"trial": record["trial"] + 1})

    return searched(train, args, space, trials, seed, Shifted())


@mistake(
    "random_search",
    zh="抽的时候按名字的字母排了序：要按 `space` 的顺序。",
    en="It draws in alphabetical order of the names: draw in the order of `space`.",
)
def alphabetical(train, args, space, trials, seed, log):
    return searched(train, args, {name: space[name] for name in sorted(space)}, trials, seed, log)


@mistake(
    "random_search",
    zh="每次试验记的是同一个字典，后来的值盖掉了先前的：每次造新的。",
    en="All trials log one and the same dictionary, so that later values replace earlier ones: make new ones each time.",
)
def one_dictionary(train, args, space, trials, seed, log):
    record: dict = {"sampled": {}}

    class Same:
        def log(self, new):
            record["sampled"].update(new["sampled"])
            record.update(trial=new["trial"], score=new["score"])
            log.log(record)

    return searched(train, args, space, trials, seed, Same())


@mistake(
    "random_search",
    zh="各次试验的 `sampled` 是同一个字典，后来的值盖掉了先前的：每次造新的。",
    en="The `sampled` of all trials is one dictionary, so that later values replace earlier ones: make a new one each time.",
)
def one_sampled(train, args, space, trials, seed, log):
    kept: dict = {}

    class Same:
        def log(self, new):
            kept.update(new["sampled"])
            log.log(new | {"sampled": kept})

    return searched(train, args, space, trials, seed, Same())


@mistake("random_search", zh="多试了一次。", en="It makes one trial too many.")
def one_more(train, args, space, trials, seed, log):
    return searched(train, args, space, trials + 1, seed, log)


@mistake(
    "random_search",
    zh="返回的顺序反了：先设置，后分数。",
    en="The result is in reverse order: first the setting, then its score.",
)
def score_first(*args):
    return searched(*args)[::-1]


@mistake(
    "random_search",
    zh="返回的是抽到的值：要整个设置（`update_args` 的结果）。",
    en="It returns the sampled values: return the whole setting (the result of `update_args`).",
)
def sampled_only(train, args, space, trials, seed, log):
    best, score = searched(train, args, space, trials, seed, log)
    return {name: getattr(best, name) for name in space}, score


# The record of experiments


def experimented(
    train,
    args,
    change,
    hypothesis,
    seeds,
    log,
    *,
    errors=2.0,
    inclusive=False,
    sign=1,
    order="first",
    check_hypothesis=str.strip,
    check_change=True,
    other=lambda seed: seed,
    compare=solutions.compare_seeds,
    word="no difference seen",
):
    """`run_experiment` with a choice of faults."""
    seeds = list(seeds)
    if not check_hypothesis(hypothesis):
        raise ValueError("hypothesis")
    if check_change:
        solutions.update_args(args, change)
    opening = {"hypothesis": hypothesis, "change": dict(change)}
    if order == "first":
        log.log(opening)
    before = {seed: train(solutions.update_args(args, {"seed": seed})) for seed in seeds}
    changed = solutions.update_args(args, change)
    after = {seed: train(solutions.update_args(changed, {"seed": other(seed)})) for seed in seeds}
    mean, error = compare(before, after)
    mean *= sign
    limit = errors * error
    words = "worse" if mean < -limit or inclusive and mean == -limit else word
    words = "better" if mean > limit or inclusive and mean == limit else words
    closing = {"result": [mean, error], "conclusion": words}
    for record in {"first": [closing], "last": [opening, closing], "one": [opening | closing], "never": []}[order]:
        log.log(record)
    return mean, error


@mistake(
    "run_experiment",
    zh="假设在训练*之后*才记：要在第一次训练之前。",
    en="The hypothesis is logged *after* the trainings: log it before the first.",
)
def hypothesis_last(*args):
    return experimented(*args, order="last")


@mistake(
    "run_experiment",
    zh="只记了一条，全在训练之后：先记假设，后记结果。",
    en="There is one record only, after the trainings: first the hypothesis, then the result.",
)
def one_record(*args):
    return experimented(*args, order="one")


@mistake("run_experiment", zh="什么也没有记。", en="Nothing is logged.")
def no_record(*args):
    return experimented(*args, order="never")


@mistake(
    "run_experiment",
    zh="一个标准误差就下了结论：要超过两个。",
    en="One standard error is enough for its conclusion: ask for more than two.",
)
def one_error(*args):
    return experimented(*args, errors=1.0)


@mistake(
    "run_experiment",
    zh="要三个标准误差才下结论：超过两个就够。",
    en="It asks for three standard errors: more than two are enough.",
)
def three_errors(*args):
    return experimented(*args, errors=3.0)


@mistake(
    "run_experiment",
    zh="只看均值的正负，没有看误差。",
    en="Only the sign of the mean counts, and the error is ignored.",
)
def no_error(*args):
    return experimented(*args, errors=0.0)


@mistake(
    "run_experiment",
    zh="正好两个标准误差也算：要*超过*两个。",
    en="Exactly two standard errors count: it must be *more than* two.",
)
def inclusive_limit(*args):
    return experimented(*args, inclusive=True)


@mistake("run_experiment", zh="符号反了：是改动之后减原来。", en="The sign is reversed: it is changed minus unchanged.")
def reversed_sign(*args):
    return experimented(*args, sign=-1)


@mistake(
    "run_experiment",
    zh="空的假设没有报错：要报 `ValueError`。",
    en="An empty hypothesis is accepted: raise `ValueError`.",
)
def any_hypothesis(*args):
    return experimented(*args, check_hypothesis=lambda text: True)


@mistake(
    "run_experiment",
    zh="只有空白的假设没有报错：先 `strip`。",
    en="A hypothesis of white space is accepted: `strip` it first.",
)
def blank_hypothesis(*args):
    return experimented(*args, check_hypothesis=lambda text: text)


@mistake(
    "run_experiment",
    zh="写错的名字到训练之后才报错：在训练和记录之前检查。",
    en="A misspelt name is found only after trainings: check it before anything is trained or logged.",
)
def change_checked_late(*args):
    return experimented(*args, check_change=False)


@mistake(
    "run_experiment",
    zh="写错的名字没有报错：被当成了“没有效果”。",
    en="A misspelt name raises no error: it passes for no effect.",
)
def misspelling_ignored(train, args, change, *rest):
    names = {field.name for field in dataclasses.fields(args)}
    return experimented(train, args, {name: value for name, value in change.items() if name in names}, *rest)


@mistake(
    "run_experiment",
    zh="改动的一边用了别的种子：两边要用同样的。",
    en="The changed side uses other seeds: both sides need the same.",
)
def other_seeds(*args):
    return experimented(*args, other=lambda seed: seed + 1)


@mistake(
    "run_experiment",
    zh="种子没有换进 `args`：每次训练用的都是同一个。",
    en="The seed isn't put into `args`: each training uses the same one.",
)
def seed_not_set(train, args, *rest):
    def same_seed(tried):
        return train(solutions.update_args(tried, {"seed": args.seed}))

    return experimented(same_seed, args, *rest)


@mistake(
    "run_experiment",
    zh="误差为 0 时报错（差除以误差）：拿差与两倍的误差比，不要除。",
    en="With an error of 0 it fails, dividing by it: compare the difference with twice the error, don't divide.",
)
def divides_by_error(*args):
    def compare(before, after):
        mean, error = solutions.compare_seeds(before, after)
        if not error:
            raise ZeroDivisionError("float division by zero")
        return mean, error

    return experimented(*args, compare=compare)


@mistake(
    "run_experiment",
    zh="改动的一边没有设种子：两边都要把 `seed` 设成同一个。",
    en="The seed isn't set on the changed side: both sides need the same `seed`.",
)
def seed_on_one_side(train, args, change, *rest):
    def as_it_was(tried):
        changed = all(getattr(tried, name) == value for name, value in change.items())
        return train(solutions.update_args(tried, {"seed": args.seed}) if changed else tried)

    return experimented(as_it_was, args, change, *rest)


@mistake(
    "run_experiment",
    zh="种子写进了传入的 `change`：它不许改动，先造一个新字典。",
    en="The seed is written into the `change` that was passed in: that must not change, so make a new dictionary.",
)
def seed_into_change(train, args, change, hypothesis, seeds, log):
    seeds = list(seeds)
    if not hypothesis.strip():
        raise ValueError("hypothesis")
    solutions.update_args(args, change)
    log.log({"hypothesis": hypothesis, "change": dict(change)})
    before, after = {}, {}
    for seed in seeds:
        before[seed] = train(solutions.update_args(args, {"seed": seed}))
        change["seed"] = seed
        after[seed] = train(solutions.update_args(args, change))
    mean, error = solutions.compare_seeds(before, after)
    words = "better" if mean > 2 * error else "worse" if mean < -2 * error else "no difference seen"
    log.log({"result": [mean, error], "conclusion": words})
    return mean, error


@mistake(
    "run_experiment",
    zh="`seeds` 走了两遍：只能走一遍的，第二遍就空了；先变成列表。",
    en="`seeds` is walked twice: where it can be walked only once, the second time it is empty; make a list first.",
)
def walks_twice(train, args, change, hypothesis, seeds, log):
    changed = solutions.update_args(args, change)
    if not hypothesis.strip():
        raise ValueError("hypothesis")
    log.log({"hypothesis": hypothesis, "change": dict(change)})
    before = {seed: train(solutions.update_args(args, {"seed": seed})) for seed in seeds}
    after = {seed: train(solutions.update_args(changed, {"seed": seed})) for seed in seeds}
    return solutions.compare_seeds(before, after)


@mistake("run_experiment", zh="误差没有配对：用 `compare_seeds`。", en="The error isn't paired: use `compare_seeds`.")
def unpaired_error(*args):
    def compare(before, after):
        mean, _ = solutions.compare_seeds(before, after)
        return mean, math.hypot(*(solutions.standard_error(list(one.values())) for one in (before, after)))

    return experimented(*args, compare=compare)


@mistake(
    "run_experiment",
    zh='看不出差别时的结论写错了：要写 `"no difference seen"`。',
    en='Where no difference is seen the conclusion has other words: it is `"no difference seen"`.',
)
def no_difference(*args):
    return experimented(*args, word="no difference")


@mistake(
    "run_experiment",
    zh="没有改动的一边也改了：两边一样，差总是 0。",
    en="The unchanged side has the change as well: both are the same, and the difference is always 0.",
)
def both_changed(train, args, change, *rest):
    return experimented(train, solutions.update_args(args, change), change, *rest)


TEMPORARY = tempfile.gettempdir()


@mistake(
    "save_checkpoint",
    zh="临时文件在另一个文件夹里，改名到不了别的盘：写在同一个文件夹里。",
    en="The temporary file is in another folder, from which a renaming may not reach: write it in the same one.",
)
def elsewhere(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=TEMPORARY)
    with os.fdopen(handle, "wb") as file:
        torch.save(dict(state), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
