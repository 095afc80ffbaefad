# %% [markdown] lang="zh" order=2
# # 第 4 天 · 信得过的实验
#
# 上一课你写了优化器；这一课你学会判断“换一个设置，真的更好吗”。
# 你要写的是一套小工具：运行日志、断了能接着来的训练、早停、配对比较、随机搜索，最后是一份先写预测、后写结果的实验记录。
#
# **先修**：`part2_features`（冻结与微调的 `some_digits`）、`part4_optimization`（学习率调度与梯度裁剪）。
# **时间**：约 4 小时；第 3 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint RunLog`，自测用 `coach questions`。
#
# 整课的规矩：传入的东西不许改动（练习说“改”的除外）；错误的类型按练习的要求，错误信息自己写，但不能空着。
# 所有运行都写在当前文件夹的 `runs` 里，git 不理会它；不需要账号，也不需要网络。
# %% [markdown] lang="en"
# # Day 4 · experiments you can trust
#
# In the last lesson you wrote optimisers; in this one you learn to decide whether a new setting is really better.
# You build a small set of tools: a run log, a training that can go on after it was killed, early stopping, a paired comparison, a random search, and at the end a record of experiments in which the prediction stands before the result.
#
# **You need** `part2_features` (freezing, and `some_digits`) and `part4_optimization` (learning-rate schedule and gradient clipping).
# **Time**: about four hours; after section 3 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint RunLog` helps when you are stuck, `coach questions` asks the self-check.
#
# The rules of the whole lesson: what is passed in stays unchanged (unless the exercise says that you change it); errors are of the kind that the exercise names, with a sentence of your own.
# All runs are written to `runs` in the current folder, which git ignores; you need no account and no network.
# %%
import copy
import dataclasses
import functools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from part2_cnns.solutions import accuracy, fit
from part2_features.solutions import get_resnet_for_feature_extraction, some_digits
from part2_resnets.solutions import SmallResNet
from part4_optimization.solutions import clip_grad_norm, cosine_with_warmup
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from part4_experiments import extras, figures, sick, tests


# %% [markdown] lang="zh" tags=["question"] see="part0_maths.ablate"
# 先回想第 0 天的 `ablate`，不要翻看：为什么每次只改一项？为什么两边要用同一组种子？为什么要在运行之前写下预测？
# %% [markdown] lang="en" tags=["question"] see="part0_maths.ablate"
# Think back to `ablate` of day 0, without looking it up: why did it change one thing at a time? Why the same seeds on both sides? And why write the prediction before the run?
# %% [markdown] lang="zh" tags=["answer"]
# 改两项，就不知道是哪一项起的作用。
# 种子相同，两边的运气大半相同，差别里那一项改动的作用才看得清（第 5 节会量出误差因此小多少）。
# 看过结果再“预测”，人总会觉得自己早就知道；写在前面的预测才可能是错的，错了才学得到东西。
# %% [markdown] lang="en" tags=["answer"]
# With two changes you can't tell which of them did it.
# With the same seeds both sides have mostly the same luck, so the effect of the change is easier to see in the difference (section 5 measures how much smaller the error becomes).
# After seeing a result, everybody believes they knew it; only a prediction written before can be wrong, and only then do you learn something.
# %% [markdown] lang="zh"
# ## 1 · 写下每一次运行
# ### 昨天那个 89% 是怎么来的
#
# 试了二十种设置，最好的一次是 89%；第二天想重做，却不记得学习率是多少，窗口也已经关了。
# 这种事几乎人人都遇到过，办法也很老：像实验室那样做记录，只不过由程序来记。
#
# 一次训练的全部设置放在一个 dataclass 里。这一课的任务是微调（fine-tuning）：从训练过的网络出发，在新任务上接着训练*所有*参数，而不只是训练分类头。
# 学习率通常比从头训练小，主干的又常比头的小（上一课的参数组），也常先只训练头几轮：头还是随机的，一上来的大梯度可能冲坏训练好的特征。
# 那几轮里，冻结的主干要放在 `eval` 模式：在 `train` 模式里，批归一化的滑动平均照样会变（`part2_features`）。
# 新的图要像预训练时那样准备：同样的大小和取值范围，减同样的均值，除以同样的标准差；不然，学过的特征就对不上号。
# 图很少、又与原来的同类，往往只训练头就够，不容易过拟合；图多，或者与原来的很不一样，更值得训练全部。拿不准就两样都试：这里图虽少，主干却只见过五种数字，训练全部明显更好。只训练头还省时间：图不随机变动时，冻结的主干（`eval` 模式）每轮给出同样的特征，算一次、存下来就够（`part2_features`）。
# 网络在数字 0 到 4 上训练过；新任务是 5 到 9，每类只有 10 张图。
# 设置要记全，没动过的默认值也记。以后若有人改了代码里的默认值，只记了改动的旧日志，就说不清当时用的是什么。
# 设置以外，也记下库的版本和代码是 git 的哪一次提交：设置没变，代码变了，结果也可能变。
# 提交只管提交了的：先提交再运行，或者把 `git status --short` 和 `git diff HEAD` 的输出也记下。
# 数据多半不在 git 里：另外记下是哪一份、哪一版。
# %% [markdown] lang="en"
# ## 1 · Write down every run
# ### Where did yesterday's 89% come from
#
# You tried twenty settings, and the best one gave 89%; the next day you want it again, but nobody remembers the learning rate, and the window is closed.
# It has happened to almost everybody, and the cure is old: keep a notebook as laboratories do, but let the program write it.
#
# All settings of one training go into one dataclass. This lesson's task is **fine-tuning**: start from a trained network and go on training *all* of its parameters on a new task, not the head alone.
# The learning rate is usually smaller than from scratch, and often smaller for the body than for the head (last lesson's parameter groups); often the head is trained alone for some epochs first: while it is random, its large gradients may spoil the trained features.
# In these epochs the frozen body belongs in `eval` mode: in `train` mode the running means of batch normalisation still change (`part2_features`).
# Prepare the new pictures just as in pretraining: the same size and range of values, the same mean subtracted, the same standard deviation to divide by; otherwise the learned features don't fit them.
# With very few pictures of a similar kind the head alone is often enough, and overfits less; with more of them, or with pictures of another kind, it pays to train everything. If in doubt, try both: here the pictures are few, but the body has seen only five digits, and training everything is clearly better. The head alone also saves time: unless pictures are altered at random, a frozen body (in `eval` mode) gives the same features in every epoch, so compute and store them once (`part2_features`).
# The network was trained on the digits 0 to 4; the new task is 5 to 9, with only 10 pictures of each.
# Write down all settings, those left at their defaults too. If somebody changes a default in the code later, an old log that holds only the changes no longer says what was used.
# Besides the settings, write down the versions of the libraries and which git commit the code is: with the same settings, other code may give another result.
# A commit names only what was committed: commit before you run, or log what `git status --short` and `git diff HEAD` print.
# Data are mostly not in git: log which data set it was, and which version of it.
# %%
@dataclass(frozen=True)  # frozen: no field can be set afterwards, so what the log says stays true
class FinetuneArgs:
    """What decides one fine-tuning, all of it."""

    lr: float = 3e-3
    batch_size: int = 10
    epochs: int = 12
    weight_decay: float = 1e-2
    max_norm: float = 1.0  # gradients with a larger norm are clipped
    warmup: int = 5  # steps until the learning rate is reached
    noise: float = 0.1  # standard deviation of what is added to each pixel in training
    pretrained: bool = True  # else from random weights
    seed: int = 0


# %% [markdown] lang="zh"
# ### 练习 · 换几个设置 · 8 分钟
# 扫描（sweep）是在许多设置上各训练一次；每次只换几项，其余照旧。
# 返回与 `args` 同一个类的对象，其中 `sampled` 提到的字段换成新值，别的字段照旧。
# 例如 `update_args(FinetuneArgs(), {"lr": 0.01})` 只改学习率。
# `dataclasses.replace(args, lr=0.01)` 造出这样一个改过的对象；`dataclasses.fields(args)` 列出字段，每个有 `.name`。
# `args` 可以是任何 dataclass（字段都能传给 `__init__`，也可以自己又是一个 dataclass），冻结的（`frozen=True`）和不冻结的都行；`args` 和 `sampled` 不变；`sampled` 为空就什么都不换。
# 为什么不直接改 `args`？大家共用它：这一次写进去的值，下一次没有换到的就留着，结果便与试的先后有关，日志里记的也不再是真正用过的设置。
# 名字不是字段，报 `ValueError`，话里有这个名字：把 `lr` 错写成 `learning_rate`，绝不能被当成“改了，没效果”。
# %% [markdown] lang="en"
# ### Exercise · change some settings · 8 min
# A **sweep** is one training for each of many settings; each time some of them change, and the rest stays.
# Return an object of the same class as `args`, in which the fields that `sampled` mentions have its values, and the others their old ones.
# `update_args(FinetuneArgs(), {"lr": 0.01})`, for example, changes the learning rate only.
# `dataclasses.replace(args, lr=0.01)` makes such a changed object; `dataclasses.fields(args)` lists the fields, each with its `.name`.
# `args` may be any dataclass (all fields can be given to `__init__`, and a field may be a dataclass itself), frozen (`frozen=True`) or not; `args` and `sampled` stay as they are; where `sampled` is empty, nothing changes.
# Why not write into `args` itself? All trials share it: a value written in this trial stays for the next one unless that replaces it, so results depend on the order of the trials, and the log no longer says which settings were used.
# A name that isn't a field raises `ValueError`, and the message contains that name: `learning_rate` written for `lr` must never be taken for "changed, no effect".
# %% exercise="update_args" difficulty=1 importance=4 minutes=8
Args = TypeVar("Args")  # stands for any class: what goes in comes out


def update_args(args: Args, sampled: Mapping[str, Any]) -> Args:
    """`args` with the fields of `sampled` in place of its own; an unknown name raises ValueError."""
    # solution
    names = [field.name for field in dataclasses.fields(args)]  # type: ignore
    if unknown := [name for name in sampled if name not in names]:
        raise ValueError(f"update_args: no field {unknown} in {type(args).__name__}: it has {names}")
    return dataclasses.replace(args, **sampled)  # type: ignore


if __name__ == "__main__":
    if tests.test_update_args(update_args):
        print(update_args(FinetuneArgs(), {"lr": 0.01, "seed": 3}))


# %% [markdown] lang="zh" tags=["hint"]
# `dataclasses.fields(args)` 给出各个字段，每个有 `name`；`dataclasses.replace` 按字段造一个新对象。
# %% [markdown] lang="en" tags=["hint"]
# `dataclasses.fields(args)` gives the fields, each with its `name`; `dataclasses.replace` makes a new object by fields.
# %% [markdown] lang="zh"
# ### 一行一条，写完就交出去
#
# 运行日志（run log）是一个文件，训练一边进行，一边在末尾添一行。
# 每行是一条 JSON，也就是写成文字的字典（由 `json.dumps(record)` 写成），例如 `{"step": 3, "loss": 1.25}`；这种文件叫 JSON Lines。
# 为什么不在训练结束时一次写好一个大字典？因为训练常常*没有*结束：断电、关机、内存用完。
# 一行一条，程序被杀掉时，丢掉的最多是没写完的最后一行；断电时，还要加上操作系统没来得及写到磁盘的最后一小段（第 3 节）。
# 每一条都带上时间（`time.time()`），结束时再写一条，例如 `{"done": true}`，因错误而停就写下错误（在 `except` 里写，再照样抛出）：日志自己不会说这次运行完了没有。没有这最后一条，就看最新的时间：刚刚才写过，多半还在跑；早已超过平常一步的时间，多半是被杀掉或者卡住了。
#
# 还有一个看不见的陷阱：`file.write` 只是把文字攒在程序自己的内存里，这叫缓冲区（buffer，与模块的缓冲区无关），攒够几千个字节才交给操作系统。
# 这之前另一个程序去读，文件还是空的；程序被强行结束，缓冲区里的也就没了。`flush` 把它马上交出去。
# %% [markdown] lang="en"
# ### One line each, handed over at once
#
# A **run log** is a file; while the training runs, it adds lines at the end of this file.
# Each line is a piece of JSON, a dictionary written as text (by `json.dumps(record)`), such as `{"step": 3, "loss": 1.25}`; such a file is called JSON Lines.
# Why not write one large dictionary when training ends? Because training often *doesn't* end: a power cut, a closed laptop, no memory left.
# With one line for each record, a killed program loses at most its last, unfinished line; a power cut also takes the last short stretch that the operating system hasn't written to the disk yet (section 3).
# Put the time into every record (`time.time()`), and write one more at the end, such as `{"done": true}`, or the error, where one stops the run (in `except`, and raise it again): a log doesn't say by itself whether its run is over. Without that last record, look at the newest time: if it was just now, the run is probably still going on; if it was far longer ago than a step usually takes, the run was probably killed, or hangs.
#
# And there is a trap that you can't see: `file.write` only collects the text in the program's own memory, in a buffer (nothing to do with a module's), which goes to the operating system when a few thousand bytes have come together.
# Until then another program that reads the file finds it empty; and if the program is killed, the buffer is lost. `flush` hands it over at once.
# %% [markdown] lang="zh" tags=["question"] see="RunLog"
# 先预测，再运行下一格：写了一行之后，不 `flush`、不关闭，另外打开这个文件，能读到几个字符？`flush` 之后呢？
# %% [markdown] lang="en" tags=["question"] see="RunLog"
# Predict, then run the next cell: after one line was written, without `flush` or closing, how many characters can be read if the file is opened a second time? And after `flush`?
# %% [markdown] lang="zh" tags=["answer"]
# 先是 0 个，然后是 14 个（13 个字符加换行）。
# 很多人以为 `write` 返回时，字已经在文件里了。
# %% [markdown] lang="en" tags=["answer"]
# First 0, then 14 (13 characters and the line break).
# Many people believe that the text is in the file when `write` returns.
# %%
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        # "w" writes anew, "a" adds to the end, "rb" and "wb" are for bytes; newline="\n": no \r on Windows
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps({"loss": 1.2}) + "\n")
            print("written:", len(path.read_bytes()), "bytes can be read")
            file.flush()
            print("flushed:", len(path.read_bytes()), "bytes can be read")


# %% [markdown] lang="zh"
# ### 练习 · 运行日志 · 20 分钟
# `RunLog(path)` 打开文件，准备往末尾添加；文件夹不存在就造出来（`path.parent.mkdir(parents=True, exist_ok=True)`），已有的行*都留着*。`path` 是 `Path` 或字符串。
# 若上一次被强行结束，末尾是没有换行的半行，就先补一个换行：否则新的一行会接在半行后面，两条都毁了。半行甚至可能断在一个汉字中间，所以看最后一个字节，别当文字读。这个换行在打开时补，或者记第一条时补，都行。
# `log(record)` 写一行 JSON，并且马上交出去（flush）：返回之后，别的程序就读得到。
# - `record` 是字典，键都是字符串；值是数、字符串、`None`、布尔值，或者由这些组成的列表和字典。NaN 照 `json.dumps` 的写法。
# - 只有一个元素的张量和 NumPy 的标量（单个数，如 `np.float32(2)`）写成数（布尔的写成 `true` 或 1 都行），不论在多深的里层。`json` 不认识它们，所以 `json.dumps(record, default=f)` 收一个函数，用 `f(value)` 代替不认识的值 `value`。
# - 写不出来的（例如两个元素的张量）要报错，哪种错误都行；文件里不许留下半行：先把整行写成文字，再写进文件。
# - 文件用 UTF-8；中文写成 `\u6570` 这样的转义还是原样，都行。
#
# 例如记两次，文件里就有两行。`close` 和 `with` 已经写好，它们用的是 `self.file`。
# %% [markdown] lang="en"
# ### Exercise · the run log · 20 min
# `RunLog(path)` opens the file to add to its end; a missing folder is made (`path.parent.mkdir(parents=True, exist_ok=True)`), and lines that are there *stay*. `path` is a `Path` or a string.
# If the last run was killed, the file may end in half a line without a line break: then add the line break first, or the new line would be glued to the half one and both would be lost. It may even end within a Chinese character, so look at the last byte, and don't read it as text. Add it on opening or with the first record, as you like.
# `log(record)` writes one line of JSON, and flushes: once it returns, other programs can read it.
# - `record` is a dictionary whose keys are strings; its values are numbers, strings, `None`, booleans, or lists and dictionaries of these. NaN is written as `json.dumps` does.
# - Tensors with one element and NumPy's scalars (single numbers, such as `np.float32(2)`) are written as numbers (those that are boolean as `true` or 1), however deep inside they stand. `json` doesn't know them, and so `json.dumps(record, default=f)` takes a function and puts `f(value)` in place of a `value` that it doesn't know.
# - What can't be written (a tensor with two elements, say) raises an error of any kind and leaves no half line in the file: make the whole line of text first, then write it.
# - The file is in UTF-8; Chinese may be escaped as `\u6570` or not, as you like.
#
# Logging twice, for example, makes two lines. `close` and `with` are written already; they use `self.file`.
# %% exercise="RunLog" difficulty=3 importance=5 minutes=20
class RunLog:
    """A file of JSON lines that only grows; each record can be read by others as soon as `log` returns."""

    file: Any  # the open file

    def __init__(self, path: str | Path) -> None:
        # solution
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        torn = path.is_file() and path.read_bytes()[-1:] not in (b"", b"\n")
        self.file = open(path, "a", encoding="utf-8", newline="\n")  # noqa: SIM115 (`close` closes it)
        self.file.write("\n" if torn else "")

    def log(self, record: Mapping[str, Any]) -> None:
        """Adds `record` as one line."""
        # solution
        line = json.dumps(dict(record), default=lambda value: value.item())  # whole, before any of it is written
        self.file.write(line + "\n")
        self.file.flush()

    def close(self) -> None:
        self.file.close()

    def __enter__(self) -> "RunLog":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


if __name__ == "__main__":
    if tests.test_RunLog(RunLog):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "new" / "log.jsonl"
            with RunLog(path) as log:
                for step in range(2):
                    log.log({"step": step, "loss": torch.tensor(0.5) ** step})
            print(path.read_text(encoding="utf-8"))


# %% [markdown] lang="zh" tags=["hint"]
# `open` 的哪一种模式从不删掉已有的内容？用什么编码？
# %% [markdown] lang="en" tags=["hint"]
# Which mode of `open` never removes what is there? And which encoding?
# %% [markdown] lang="zh" tags=["hint"]
# `json.dumps` 的参数 `default` 要的是一个函数。什么方法把一个元素的张量变成数？
# %% [markdown] lang="en" tags=["hint"]
# The argument `default` of `json.dumps` wants a function. Which method turns a tensor with one element into a number?
# %% [markdown] lang="zh" tags=["hint"]
# 半行：打开之前先看文件的最后一个字节（`read_bytes()[-1:]`）是不是换行；空文件没有半行。
# %% [markdown] lang="en" tags=["hint"]
# The half line: before opening, see whether the last byte of the file (`read_bytes()[-1:]`) is a line break; an empty file has no half line.
# %% [markdown] lang="zh"
# ### 练习 · 读日志 · 12 分钟
# 返回文件里的记录，从上到下，每行一个字典；文件不存在，返回空列表。
# `json.loads(text)` 把一行文字变回字典；一行到换行 `\n` 为止（别的字符，例如字符串里的 U+2028，不是行尾），前面也许还有 Windows 的 `\r`，它不介意。每行都要，几行相同也都留着；各行要么是字典，要么读不懂。
# 读不懂的行跳过：训练还在写，最后一行可能只有一半；中间也可能有上一次留下的半行。
# 半行甚至可能断在一个汉字中间（UTF-8 里一个汉字通常占三个字节），这时也不许报错。
# 最后一行若是完整的 JSON，只缺换行，算不算都行。
# 例如 `{"step": 0}`、换行、`{"st`，返回 `[{"step": 0}]`。
# %% [markdown] lang="en"
# ### Exercise · read a log · 12 min
# Return the records of the file from top to bottom, one dictionary for each line; where there is no file, an empty list.
# `json.loads(text)` turns a line back into a dictionary; a line ends at `\n` (no other character ends one, such as U+2028 within a string), perhaps with the `\r` of Windows before it, which it doesn't mind. Keep all lines, also where several are the same; each is a dictionary, or can't be read.
# Skip a line that can't be read: the training may still be writing, so that the last line is half there; and a half line of an earlier run may stand in the middle.
# A half line may even end within a Chinese character (which usually takes three bytes in UTF-8); that is no error either.
# A last line that is complete JSON and lacks only its line break may count or not.
# With `{"step": 0}`, a line break and `{"st`, for example, the result is `[{"step": 0}]`.
# %% exercise="read_log" difficulty=2 importance=4 minutes=12
def read_log(path: str | Path) -> list[dict[str, Any]]:
    """The records of a `RunLog`, also while it is written, and after its program was killed."""
    # solution
    if not Path(path).is_file():
        return []
    records = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError:
                continue  # half a line
    return records


if __name__ == "__main__":
    tests.test_read_log(read_log)


# %% [markdown] lang="zh" tags=["hint"]
# `json.loads` 读不懂时报 `json.JSONDecodeError`：在哪一层接住它，才只丢这一行？
# %% [markdown] lang="en" tags=["hint"]
# `json.loads` raises `json.JSONDecodeError` for what it can't read: where do you catch it so that only this line is lost?
# %% [markdown] lang="zh" tags=["hint"]
# 断在汉字中间：`open` 的参数 `errors="replace"` 用一个记号代替读不懂的字节。
# %% [markdown] lang="en" tags=["hint"]
# A line that ends within a character: the argument `errors="replace"` of `open` puts a mark in place of bytes that can't be read.
# %% [markdown] lang="zh" tags=["question"] see="read_log"
# 一个人把每一步的损失存在列表里，训练完用一次 `json.dump` 写出来。训练了八小时，最后一分钟断电。那个人和你各丢了多少？
# %% [markdown] lang="en" tags=["question"] see="read_log"
# Somebody keeps the losses in a list and writes them with one `json.dump` when training is done. After eight hours, in the last minute, the power fails. How much do they lose, and how much do you?
# %% [markdown] lang="zh" tags=["answer"]
# 那个人丢了八小时的记录；你丢的只是操作系统还没写到磁盘的最后一小段，通常不到一分钟。
# 更常见的是训练没断，只是中途就看得出坏了：你一开始就能看曲线，第五分钟就停下它，那个人却要等到结束。
# %% [markdown] lang="en" tags=["answer"]
# They lose the records of eight hours; you lose only the last stretch that the operating system hasn't written to the disk yet, usually less than a minute.
# More often nothing fails, but the run is going wrong: you can look at its curve from the start and stop it in minute five; they have to wait for its end.
# %% [markdown] lang="zh"
# ## 2 · 一个训练器
# ### 三份数据
#
# 微调用 50 张图（每类 10 张）。
# 挑选设置要用训练时没见过的图，这一份叫验证集；报告最后的成绩，要用*挑选时也没看过*的第三份，叫测试集（test set）。
# 为什么要三份？在验证集上试一百种设置，取最好的一个，它的成绩里就含着运气（多大，看第 5 节）：挑的时候已经看过答案了。
# 若是随机划分，划分也要有自己的种子，固定不变，与运行的种子无关：否则各次在不同的图上评分，没法比；接着训练时，还会把验证的图拿去训练。
# 若要造变动过的图（平移、镜像、加噪声），先划分，再只变动训练的那一份：倒过来做，同一张图的几个变样会分到两边，验证就成了考做过的题，成绩好得不真实，过拟合也看不出来。
#
# 这里的验证集小，一次就算完；要是验证一次 3 秒，而两次之间的 100 步只要 1 秒，四分之三的时间就花在验证上：隔得久些，或者只用固定的一部分，不记梯度，批也可以大。分几批算时，把对的*张数*加起来，除以总数：一批 100 张对 90，末批 10 张对 5，准确率是 95/110，约 86%；两批的准确率直接平均只有 70%，小的一批占得太重。损失也按张数加权。
# 准确率好不好，要与“什么都不看”的答案比：五类一样多时，瞎猜是 20%；可是 100 个人里若有 95 个健康，总答“健康”就有 95%；96% 的网络可能几乎什么也没学到，5 个病人也许只认出 1 个。所以类不一样多时，与“总答最多的那一类”比，并且每一类各看各的准确率。
# 还要与一个简单的方法比，例如直接用像素的线性分类器：只花几秒，就知道分数里有多少是白给的、数据和评分有没有错、大网络究竟添了多少。添得少，先问是不是运气：250 张图、准确率 90% 时，只因碰上的是这一批图，准确率就会与真正的水平差 $\sqrt{p(1-p)/n}$ 上下（第 7 节），也就是 1.9 个百分点。
# %% [markdown] lang="en"
# ## 2 · A trainer
# ### Three sets of data
#
# Fine-tuning uses 50 pictures (10 of each class).
# To choose settings you need pictures that training hasn't seen, the validation set; to report a final result you need a third set that *choosing hasn't seen either*, the **test set**.
# Why three? Try a hundred settings on the validation set and take the best: its score then contains luck (section 5 shows how much), because you looked at the answers while choosing.
# A random split needs a seed of its own, the same for every run and independent of the run's seed: otherwise runs are judged on different pictures and can't be compared, and a training that goes on may learn from its validation pictures.
# If you make altered copies of pictures (shifted, mirrored, with noise), split first, and alter those for training only: the other way round, copies of one picture land on both sides, the validation then asks what was learned by heart, its score is far too good, and overfitting doesn't show.
#
# Here the validation set is small and computed at once; if it took 3 seconds, and the 100 steps in between took 1, it would take three quarters of the time: validate less often, or on a fixed part, without gradients and in larger batches. In batches, add up *how many* are right and divide by all: with 90 of 100 right and 5 of 10 in the last batch it is 95/110, about 86%; the plain mean of the two accuracies is only 70%, because the small batch counts too much. Weight the losses by pictures, too.
# Compare an accuracy with that of an answer that looks at nothing: with five classes of equal size guessing gives 20%; but where 95 of 100 people are healthy, always answering "healthy" gives 95%; a network with 96% may have learned hardly anything, and may find only 1 of the 5 who are ill. So with unequal classes compare with always naming the most frequent one, and look at the accuracy of each class.
# Compare with something simple, too, such as a linear classifier on the pixels: in seconds it shows how much of the score comes for nothing, whether data and evaluation are sound, and how much the large network adds. If it adds little, ask first whether that is luck: with an accuracy of 90% on 250 pictures, the choice of pictures alone puts it about $\sqrt{p(1-p)/n}$ (section 7), or 1.9 points, above or below its true value.
# %%
def three_sets() -> tuple[TensorDataset, TensorDataset, TensorDataset]:
    """5 to 9: ten of each to train on, fifty of each to choose by, and those that are looked at once."""
    images, labels = some_digits(True, 5, 9, per_class=60)[:]
    few = torch.arange(len(labels)) % 60 < 10  # the sixty of each class stand together
    return TensorDataset(images[few], labels[few]), TensorDataset(images[~few], labels[~few]), some_digits(False, 5, 9)


@functools.cache  # runs once; later calls get the same result
def pretrained() -> SmallResNet:
    """A small ResNet that has learned 0 to 4; trained once."""
    torch.manual_seed(0)
    model = SmallResNet(n_classes=5, width=8)
    fit(model, DataLoader(some_digits(True, 0, 4), 64, shuffle=True), torch.optim.Adam(model.parameters(), 3e-3), 4)
    return model


def evaluate(model: nn.Module, data: TensorDataset) -> dict[str, float]:
    """The mean loss and the accuracy on `data`, in eval mode."""
    images, labels = data[:]
    share = accuracy(model, data)  # puts the model into eval mode
    with torch.no_grad():
        return {"val_loss": F.cross_entropy(model(images), labels).item(), "val_accuracy": share}


# %% [markdown] lang="zh" numbers="10 2.5"
# ### 一步里有什么
#
# 上一课的学习率调度和梯度裁剪在这里用上。一步的顺序是：前向、清空梯度、反向、裁剪、`optimizer.step()`、`scheduler.step()`。
# 调度器（scheduler）只做一件事：按步数改 `optimizer.param_groups[0]["lr"]`，下一步生效。
#
# 裁剪看一个例子：两个参数的梯度是 6 和 8，范数 $\sqrt{36+64}=10$；上限 2.5，就都乘 $2.5/10$，得到 1.5 和 2：方向不变，只是变短。
# 裁剪*之前*的范数值得记下来：它若忽然大了一百倍，那一步就是出事的地方。
# %% [markdown] lang="en" numbers="10 2.5"
# ### What one step contains
#
# Last lesson's schedule and gradient clipping are used here. The order within a step is: forward, clear the gradients, backward, clip, `optimizer.step()`, `scheduler.step()`.
# A **scheduler** does one thing: it sets `optimizer.param_groups[0]["lr"]` for the next step, according to the number of steps so far.
#
# An example of clipping: two parameters have gradients 6 and 8, with the norm $\sqrt{36+64}=10$; for a limit of 2.5 both are multiplied by $2.5/10$, and become 1.5 and 2: the same direction, only shorter.
# The norm *before* clipping is worth logging: if it is suddenly a hundred times larger, that step is where things went wrong.
# %%
if __name__ == "__main__":
    gradient = torch.tensor([6.0, 8.0])
    print("norm:", gradient.norm().item(), " limit: 2.5  clipped:", (gradient * 2.5 / gradient.norm()).tolist())


# %% [markdown] lang="zh"
# ### 练习 · 训练一步 · 20 分钟
# 在这一批上训练一步，返回字典，三个 Python 数：
# - `"loss"`：这一批的平均交叉熵，更新之前的；
# - `"grad_norm"`：*裁剪之前*模型所有梯度的总范数；
# - `"lr"`：*这一步*用的学习率，也就是 `scheduler.step()` 之前的。
#
# 模型先切到 `train` 模式，之后留在那里。忘了切，第一次验证之后就一直在 `eval` 模式里训练：`Dropout` 不再起作用，批归一化用存下的均值和方差，也不再更新它们；没有任何错误信息。上一步剩下的梯度不许算进来。
# 裁剪到 `max_norm`，用上一课的 `clip_grad_norm`、PyTorch 的 `nn.utils.clip_grad_norm_` 或自己写都行。
# 有的参数可能被冻结，没有梯度，别的都在优化器里；优化器和调度器可以是 `torch.optim` 里 `step()` 不需要参数的任何一种，只有一个参数组。
# 例如调度把学习率从 0.1 降到 0.05，第一次返回的 `"lr"` 是 0.1，第二次是 0.05。
# %% [markdown] lang="en"
# ### Exercise · one training step · 20 min
# Train one step on this batch, and return a dictionary of three Python numbers:
# - `"loss"`: the mean cross-entropy of the batch, before the update;
# - `"grad_norm"`: the total norm of all the model's gradients *before clipping*;
# - `"lr"`: the learning rate that *this* step used, as it was before `scheduler.step()`.
#
# First put the model into `train` mode, and leave it there. If you forget it, everything after the first validation is trained in `eval` mode: `Dropout` does nothing, batch normalisation uses its stored means and variances and no longer updates them, and there is no error. Gradients left over from an earlier step must not count.
# Clip to `max_norm`, with last lesson's `clip_grad_norm`, PyTorch's `nn.utils.clip_grad_norm_` or code of your own.
# Some parameters may be frozen and have no gradient, and the optimiser holds all others; optimiser and scheduler may be any of `torch.optim` whose `step()` needs no argument, with one parameter group.
# If the schedule goes from 0.1 to 0.05, for example, the first `"lr"` is 0.1 and the second 0.05.
# %% exercise="training_step" difficulty=3 importance=5 minutes=20
def training_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LRScheduler,
    images: Float[Tensor, "batch ..."],
    labels: Int[Tensor, " batch"],
    max_norm: float,
) -> dict[str, float]:
    """One step in train mode; the loss before it, the gradients' norm before clipping, and the learning rate it used."""
    # solution
    model.train()
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    norm = float(clip_grad_norm(model.parameters(), max_norm))
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return {"loss": loss.item(), "grad_norm": norm, "lr": lr}


if __name__ == "__main__":
    tests.test_training_step(training_step)


# %% [markdown] lang="zh" tags=["hint"]
# 哪两个数在一步之中会变，所以读它们的时刻要紧？
# %% [markdown] lang="en" tags=["hint"]
# Which two of the numbers change within the step, so that it matters when you read them?
# %% [markdown] lang="zh" tags=["hint"]
# `clip_grad_norm` 返回的正是裁剪之前的范数。学习率在 `optimizer.param_groups[0]["lr"]`。
# %% [markdown] lang="en" tags=["hint"]
# `clip_grad_norm` returns just the norm before clipping. The learning rate is in `optimizer.param_groups[0]["lr"]`.
# %% [markdown] lang="zh" tags=["hint"]
# 七行：`train`、损失、清空、反向、裁剪、两个 `step`；另加读学习率的一行，放在 `scheduler.step()` 之前。
# %% [markdown] lang="en" tags=["hint"]
# Seven lines: `train`, loss, clear, backward, clip, two calls of `step`; one more line reads the learning rate, before `scheduler.step()`.
# %% [markdown] lang="zh"
# ### 把它们装起来
#
# `Finetuner` 保管着训练的状态：模型、优化器、调度器、走到第几轮，以及决定数据顺序的随机数发生器 `order`。
# 加在像素上的噪声取自 PyTorch 的全局发生器，所以它也是状态的一部分，虽然不在 `Finetuner` 里。
# 下面的代码是给你的，读一遍就够：`LambdaLR` 把最初的学习率乘上一个函数在这一步的值，`cosine_with_warmup` 先升后降。
# `run_folder` 给每次运行一个新文件夹，名字里有时间，因为两次运行绝不能写同一个日志：一先一后，第 0 步就出现两次，按步读时，前一次的就被后一次的盖掉；同时进行，两边的行混在一起，就分不清哪一行是哪次运行的。
# %% [markdown] lang="en"
# ### Put together
#
# A `Finetuner` holds the state of a training: model, optimiser, scheduler, how many epochs are done, and `order`, the random generator that decides the order of the data.
# The noise on the pixels comes from PyTorch's global generator, so that is part of the state too, although it isn't in the `Finetuner`.
# The code below is given, and reading it once is enough: `LambdaLR` multiplies the initial learning rate by the value of a function at this step, and `cosine_with_warmup` rises first and then falls.
# `run_folder` gives each run a new folder with the time in its name, because two runs must never write one log: one after the other, step 0 is there twice, and for whoever reads by steps the later run replaces the earlier one; at the same time, their lines are mixed, and nothing says which run a line belongs to.
# %%
class Finetuner:
    """One fine-tuning, epoch by epoch."""

    def __init__(self, args: FinetuneArgs, train_set: TensorDataset) -> None:
        known = pretrained()  # before the seed is set: the first call trains, and draws random numbers
        torch.manual_seed(args.seed)
        self.args, self.train_set, self.epoch = args, train_set, 0
        body = known if args.pretrained else SmallResNet(n_classes=5, width=8)
        self.model = get_resnet_for_feature_extraction(5, body).requires_grad_(True)  # with a new head; all learns
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=args.lr, weight_decay=args.weight_decay)
        steps = args.epochs * math.ceil(len(train_set) / args.batch_size)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: cosine_with_warmup(step, steps, args.warmup, peak=1.0)
        )
        self.order = torch.Generator().manual_seed(args.seed)

    def train_epoch(self) -> list[dict[str, float]]:
        """One pass over the data in a new order: what each step returned, with its number."""
        images, labels = self.train_set[:]
        records = []
        for chosen in torch.randperm(len(labels), generator=self.order).split(self.args.batch_size):
            noisy = images[chosen] + self.args.noise * torch.randn_like(images[chosen])  # randn, in that shape
            step = self.scheduler.last_epoch  # as torch calls the number of steps so far
            one = training_step(self.model, self.optimizer, self.scheduler, noisy, labels[chosen], self.args.max_norm)
            records.append({"step": step} | one)  # | joins two dictionaries
        self.epoch += 1
        return records


def run_folder(name: str) -> Path:
    """A folder in `runs` for a new run: its name and the time."""
    return Path("runs") / f"{name}-{time.strftime('%m%d-%H%M%S')}-{time.perf_counter_ns() % 10**6:06d}"


# %% [markdown] lang="zh" tags=["question"] see="training_step"
# 先预测，再运行下一格：换上新的（随机的）分类头，还没训练，5 到 9 认对多少？
# 训练不到一秒之后呢？每类只有 10 张图。
# %% [markdown] lang="en" tags=["question"] see="training_step"
# Predict, then run the next cell: with a new, random head and before any training, how many of 5 to 9 are right?
# And after training for less than a second? There are only 10 pictures of each class.
# %% [markdown] lang="zh" tags=["answer"]
# 之前是瞎猜：五类，两成上下（头是随机的，偏一点也平常）。
# 之后是八成多：50 张图，不到一秒。看上去，是主干已经认得笔画，只要学会怎样搭配。
# （功劳真的都是主干的吗？第 7 节用实验来问，答案会让你意外。）
# %% [markdown] lang="en" tags=["answer"]
# Before it is guessing: one in five, more or less (the head is random, so that it may well be off).
# Afterwards it is more than eight in ten, from 50 pictures and in less than a second: it looks as if the body knew strokes already, and only had to learn how they go together.
# (Does the body deserve all the credit? Section 7 asks by experiment, and the result may surprise you.)
# %%
if __name__ == "__main__":
    few, validation, test = three_sets()
    print(len(few), "to train on,", len(validation), "to choose by,", len(test), "to report on")
    if tests.test_training_step(training_step) and tests.test_RunLog(RunLog) and tests.test_read_log(read_log):
        trainer, folder, live = Finetuner(FinetuneArgs(), few), run_folder("first"), figures.Live()
        print(f"before: {accuracy(trainer.model, validation):.0%} of the validation set")
        with RunLog(folder / "log.jsonl") as log:
            log.log({"args": dataclasses.asdict(trainer.args), "torch": torch.__version__})
            while trainer.epoch < trainer.args.epochs:
                for record in trainer.train_epoch():
                    log.log(record)
                log.log({"epoch": trainer.epoch} | evaluate(trainer.model, validation))
                live.show(figures.run(read_log(folder / "log.jsonl")))  # the curve grows in place
        print(f"after: {accuracy(trainer.model, validation):.0%}, written to {folder.name}")


# %% [markdown] lang="zh" tags=["question"] see="training_step"
# 图里梯度的范数开头是 4 上下，二十来步之后才多在 1 以下。裁剪因此在哪里起作用？它和学习率预热，是不是重复了？
# %% [markdown] lang="en" tags=["question"] see="training_step"
# In the figure the gradient's norm starts at about 4, and only after twenty steps or so is it mostly below 1. So where does clipping act? Does it do the same as the warm-up?
# %% [markdown] lang="zh" tags=["answer"]
# 在开头：新的头是随机的，损失大，梯度也大，裁剪把这些梯度缩短。
# 两者都护住开头，但不是一回事：预热按*步数*，不管梯度；裁剪按*这一步的梯度*，中途来一个坏批也管得住。
# 用 AdamW 时梯度的大小本来就会被除掉，所以梯度短了，步子不一定短，裁剪的影响较小；它防的是一两个异常大的批占满动量。
# %% [markdown] lang="en" tags=["answer"]
# At the beginning: the new head is random, so loss and gradients are large, and clipping makes these gradients shorter.
# Both protect the beginning, but they aren't the same: warm-up goes by the *number of the step*, whatever the gradient; clipping goes by the *gradient of this step*, and catches a bad batch in the middle too.
# AdamW divides by the size of the gradients anyway, so a shorter gradient needn't mean a shorter step, and clipping changes less there; it keeps one or two extreme batches from filling the running means.
# %% [markdown] lang="zh"
# ## 3 · 断了，接着来
# ### 状态里有什么
#
# 训练八小时，第七个小时断电。检查点（checkpoint）是存在磁盘上的训练状态，从它可以接着训练。
# 只存 `model.state_dict()` 够不够？够用来*预测*；接着*训练*却不够：
#
# | 丢了它 | 会怎样 |
# |---|---|
# | 优化器的状态 | AdamW 的 $m$ 和 $v$ 又从 0 开始，头几步往往走得太远：损失升高，过一阵才回来（这一课只升一点，十来步就回来） |
# | 调度器的步数 | 又从预热开始：快训练完了，学习率却重新爬到最高，损失往往跳高或变得更抖 |
# | `order` 的状态 | 数据的顺序不同，每一批都是另外的图 |
# | 全局发生器的状态 | 噪声、`Dropout` 抽的签不同 |
# | 做完了几轮（轮从 0 编号，所以它也是下一轮的编号） | 训练得太久；若存的是做完的那一轮的编号，又从它开始，那一轮就训练两次 |
# | 这一轮走到第几批（若在一轮中间存） | 重新打乱之后，这一轮里有的图来两次，有的一次也不来 |
#
# 有多大？$m$ 和 $v$ 各与参数一样多，检查点约是权重的三倍：一千万个 `float32` 参数占 40 MB，连同 $m$ 和 $v$ 约 120 MB。
#
# 判断标准很严，也很简单：断开再接上，之后的步数与不断开时一样，每一步的损失也*完全相同*。
# 凡是影响后面训练的，少存一样，这个标准就看得出来；而“接上以后损失也在下降”什么都看不出。
# 例如这一课的训练，在第 9 轮之后接上，丢了调度器的步数：学习率又升到 0.003，本来该降到几乎为 0。损失却没有跳，反而降得更快；只有日志里的 `lr` 和这个标准看得出毛病。
#
# 两次都从头跑，种子也设了，损失却不同？除了 PyTorch 的，还有 Python 的 `random` 和 NumPy 的发生器；`DataLoader` 的 `num_workers` 大于 0 时，每个工作进程（process，一份单独运行、有自己内存的程序）也各有自己的。
# 在 GPU 上，有些运算相加的先后每次不同，舍入也就不同；换了机器、线程数或库的版本，也会这样。
#
# 为什么存 `state_dict()` 和设置，不把整个模型对象用 `torch.save(model, path)` 存下来？因为那样存的是类的名字和它所在的文件名，读的时候要按名字去找代码：文件改了名，或者类挪了地方，就报 `ModuleNotFoundError` 之类的错，读不回来。
# `state_dict()` 只有名字和张量；模型由代码按日志里的设置重造，再装进权重。
# %% [markdown] lang="en"
# ## 3 · Killed, and resumed
# ### What belongs to the state
#
# A training takes eight hours, and in the seventh the power fails. A **checkpoint** is the state of a training on disk, from which it can go on.
# Is it enough to save `model.state_dict()`? For *predicting* it is; for *going on with the training* it isn't:
#
# | lost | what happens |
# |---|---|
# | the optimiser's state | AdamW's $m$ and $v$ start from 0 again, and the next steps often go too far: the loss rises, and takes a while to come back (in this lesson it rises only a little, for about ten steps) |
# | the scheduler's steps | it warms up again: late in the training the learning rate climbs back to its peak, and the loss often jumps up or trembles more |
# | the state of `order` | another order of the data, so that every batch holds other pictures |
# | the global generator's state | noise and `Dropout` draw other numbers |
# | the number of epochs done (epochs are counted from 0, so it is also the number of the next) | it trains for too long; with the number of the last finished epoch in its place, resuming there trains that epoch twice |
# | the place within the epoch (if saved within one) | after a new shuffle some pictures come twice in this epoch, and others not at all |
#
# How large is it? $m$ and $v$ have as many numbers as the parameters, each, so a checkpoint takes about three times the weights: ten million parameters in `float32` are 40 MB, with $m$ and $v$ about 120 MB.
#
# The test is strict and simple: stopped and resumed, there are as many later steps as without the stop, and each has *exactly the same* loss.
# If anything is missing that matters for the rest of the training, this test shows it; "the loss goes down after resuming" shows nothing.
# Take this lesson's training, resumed after epoch 9 without the scheduler's steps: the learning rate climbs to 0.003 again, where it should fall to almost 0. Its loss doesn't jump, it even falls faster; only `lr` in the log, and this test, show the fault.
#
# Two runs from the start, the seed is set, and their losses still differ? Besides PyTorch's generator there are those of Python's `random` and of NumPy; with `num_workers` above 0 each worker process of a `DataLoader` (a process is a running program with memory of its own) has its own, too.
# On a GPU some operations add in another order each time, so that the rounding differs; another machine, number of threads or version of a library can do the same.
#
# Why save `state_dict()` and the settings, and not the whole model object by `torch.save(model, path)`? That writes the name of the class and of its file, and the code is looked up by these names when it is read: rename the file or move the class, and it fails with an error such as `ModuleNotFoundError`.
# `state_dict()` holds names and tensors only; the model is made anew by the code, from the settings in the log, and the weights are put into it.
# %% [markdown] lang="zh" tags=["question"] see="capture_state"
# 先预测，再运行下一格：`state = model.state_dict()`，然后训练一步，再 `load_state_dict(state)`。模型回到训练之前了吗？
# %% [markdown] lang="en" tags=["question"] see="capture_state"
# Predict, then run the next cell: `state = model.state_dict()`, then one training step, then `load_state_dict(state)`. Is the model as it was before the step?
# %% [markdown] lang="zh" tags=["answer"]
# 没有：`state_dict()` 里的张量与参数*共用内存*，训练一步，“存下来的”也跟着变。
# 要的是快照：`copy.deepcopy`，或者写进文件。
# 优化器的 `load_state_dict` 也一样：它直接*用*你给的张量，接着训练就会改动它们。
# %% [markdown] lang="en" tags=["answer"]
# No: the tensors in `state_dict()` *share memory* with the parameters, so that the step changes what you "saved" as well.
# You need a snapshot: `copy.deepcopy`, or a file.
# It is the same with an optimiser's `load_state_dict`: it *uses* the tensors that you give, and they change as training goes on.
# %%
if __name__ == "__main__":
    layer = nn.Linear(1, 1, bias=False)
    nn.init.ones_(layer.weight)
    saved = layer.state_dict()
    with torch.no_grad():
        layer.weight -= 0.25  # what a step does
    layer.load_state_dict(saved)
    print("the weight was 1.0; brought back it is", layer.weight.item())


# %% [markdown] lang="zh"
# ### 练习 · 拍下状态 · 12 分钟
# 返回字典，键是 `"model"`、`"optimizer"`、`"scheduler"`（三者的 `state_dict()`）、`"order"`（发生器的 `get_state()`）、`"torch"`（全局发生器的 `torch.get_rng_state()`）、`"epoch"`。
# `trainer` 是任何有 `model`、`optimizer`、`scheduler`、`order`、`epoch` 的对象，例如 `Finetuner`。
# 这是*快照*：之后训练怎么走，它都不变（`copy.deepcopy(x)` 连里面的张量一起复制）。拍照本身不许改变训练，也不许用掉随机数。
# %% [markdown] lang="en"
# ### Exercise · capture the state · 12 min
# Return a dictionary with the keys `"model"`, `"optimizer"`, `"scheduler"` (the `state_dict()` of each), `"order"` (`get_state()` of that generator), `"torch"` (`torch.get_rng_state()`, the global one) and `"epoch"`.
# `trainer` is any object that has `model`, `optimizer`, `scheduler`, `order` and `epoch`, such as a `Finetuner`.
# It is a *snapshot*: whatever training does later, it stays the same (`copy.deepcopy(x)` copies the tensors inside as well). Taking it changes nothing in the training, and uses up no random numbers.
# %% exercise="capture_state" difficulty=2 importance=5 minutes=12
def capture_state(trainer: Any) -> dict[str, Any]:
    """All that decides how the training goes on; a snapshot, which shares no memory with it."""
    # solution
    state = {name: getattr(trainer, name).state_dict() for name in ("model", "optimizer", "scheduler")}
    generators = {"order": trainer.order.get_state(), "torch": torch.get_rng_state()}
    return copy.deepcopy(state) | generators | {"epoch": trainer.epoch}


if __name__ == "__main__":
    tests.test_capture_state(capture_state)


# %% [markdown] lang="zh" tags=["hint"]
# 上一格的问题出在哪里？六样里哪几样会与训练共用内存？
# %% [markdown] lang="en" tags=["hint"]
# What went wrong in the cell above? Which of the six would share memory with the training?
# %% [markdown] lang="zh" tags=["hint"]
# 三个 `state_dict()` 要 `copy.deepcopy`；`get_state()` 和 `get_rng_state()` 本来就返回拷贝。
# %% [markdown] lang="en" tags=["hint"]
# The three `state_dict()` need `copy.deepcopy`; `get_state()` and `get_rng_state()` return copies anyway.
# %% [markdown] lang="zh"
# ### 练习 · 放回状态 · 12 分钟
# 把 `capture_state` 那样的字典放回 `trainer`，包括全局发生器；`trainer` 也许刚造好（也许用的是别的学习率），也许已经训练到了别处。
# 发生器用 `set_state` 放回，全局的用 `torch.set_rng_state`，三个对象用 `load_state_dict`：学习率也就变回存下的。接着训练时想换一个学习率，要在放回*之后*改 `optimizer.param_groups`，以及调度器自己记着的 `base_lrs`，并且记进日志。
# 之后每一步的损失与拍照之后的完全相同。
# `state` 不许变，*接着训练之后也不许变*：同一张快照可以用许多次。`model` 等还是原来的对象。
# %% [markdown] lang="en"
# ### Exercise · bring the state back · 12 min
# Put a dictionary like that of `capture_state` back into `trainer`, the global generator included; `trainer` may be fresh (made with another learning rate, perhaps), or have trained to somewhere else.
# `set_state` brings back a generator, `torch.set_rng_state` the global one, `load_state_dict` the three objects: so the learning rate is the saved one again. Whoever wants to go on with another one sets it *afterwards*, in `optimizer.param_groups` and in `base_lrs`, which the scheduler keeps for itself, and logs the change.
# Afterwards each step has exactly the loss that it had after the snapshot.
# `state` stays as it is, *also when training goes on*: one snapshot can be used many times. `model` and the others stay the same objects.
# %% exercise="restore_state" difficulty=3 importance=5 minutes=12
def restore_state(trainer: Any, state: Mapping[str, Any]) -> None:
    """Makes `trainer` go on as it did when `state` was captured; `state` stays as it is."""
    # solution
    state = copy.deepcopy(dict(state))  # an optimiser goes on using the tensors that it loads
    for name in ("model", "optimizer", "scheduler"):
        getattr(trainer, name).load_state_dict(state[name])
    trainer.order.set_state(state["order"])
    torch.set_rng_state(state["torch"])
    trainer.epoch = state["epoch"]


if __name__ == "__main__":
    right = tests.test_restore_state(restore_state)
    if right and tests.test_capture_state(capture_state) and tests.test_training_step(training_step):
        trainer = Finetuner(FinetuneArgs(), few)
        trainer.train_epoch()
        state = capture_state(trainer)
        went_on = [record["loss"] for record in trainer.train_epoch()]
        resumed = Finetuner(FinetuneArgs(seed=1), few)  # with another seed: all must come from the state
        restore_state(resumed, state)
        print("the same losses:", went_on == [record["loss"] for record in resumed.train_epoch()])


# %% [markdown] lang="zh" tags=["hint"]
# 六样都放回了吗？哪一样没有方法，只要赋值？
# %% [markdown] lang="en" tags=["hint"]
# Are all six back? Which of them has no method, and is only assigned?
# %% [markdown] lang="zh" tags=["hint"]
# 先复制整个 `state`，再放：优化器会继续用它收到的张量。
# %% [markdown] lang="en" tags=["hint"]
# Copy the whole `state` first, then load: an optimiser goes on using the tensors that it gets.
# %% [markdown] lang="zh"
# ### 写到一半怎么办
#
# 大的检查点有几个 GB，要写好几秒；正好这时断电，旧的已经被覆盖，新的只写了一半：两个都没了。
# 所以绝不直接写在旧的上面：先写到*旁边*，写完再改名。
#
# 1. 在同一个文件夹里写一个临时文件；
# 2. `flush`，再 `os.fsync(file.fileno())`：让操作系统真正写到磁盘上（`flush` 只交给了操作系统）；
# 3. 用 `os.replace` 把临时文件改名为 `path`：改名是一步完成的，别人看到的要么是旧的，要么是完整的新的，没有中间。
#
# 为什么要同一个文件夹？在同一块盘（同一个分区）里，改名只换名字，一步就成；到别的盘去，`os.replace` 会报错，只能把内容复制过去，而复制会断在半路。
# 为什么不是 `os.rename`？在 Windows 上，目标已存在时它会报错。
# %% [markdown] lang="en"
# ### Half written
#
# A checkpoint may be gigabytes large and take seconds to write; if the power fails just then, the old one is already overwritten and the new one only half written: both are gone.
# So never write over the old one: write *beside* it, and rename when all is done.
#
# 1. Write a temporary file in the same folder;
# 2. `flush`, then `os.fsync(file.fileno())`, which makes the operating system really write to the disk (`flush` only handed it over);
# 3. `os.replace` renames it to `path`: a renaming happens in one step, so others see either the old file or the whole new one, and nothing in between.
#
# Why the same folder? On one disk (and partition) a renaming changes only the name, in one step; to another disk `os.replace` fails, so the content would have to be copied, and a copy can be cut off half-way.
# Why not `os.rename`? On Windows it fails where the target exists.
# %% [markdown] lang="zh"
# ### 练习 · 存检查点 · 20 分钟
# 用 `torch.save` 把 `state` 存到 `path`，按上面三步（`torch.save(state, file)` 也写进 `open(temporary, "wb")` 打开的文件，并且自己就会 `flush`）；文件夹不存在就造出来。
# 写到一半出了错（哪怕进程被杀掉），`path` 里还是完整的旧内容；错误照样传出去，留下的临时文件不计较。
# 成功之后，文件夹里不多出别的文件；`os.fsync` 要在改名之前。
# 例如存两次，读到的是第二次的。
# %% [markdown] lang="en"
# ### Exercise · save a checkpoint · 20 min
# Save `state` to `path` with `torch.save`, in the three steps above (`torch.save(state, file)` writes into a file opened by `open(temporary, "wb")`, too, and does the `flush` itself); a missing folder is made.
# After an error half-way (or if the process is killed) `path` still holds all of its old content; the error goes on to the caller, and a temporary file may be left.
# After a success no other file has come into the folder; `os.fsync` comes before the renaming.
# Saved twice, for example, what is read is the second.
# %% exercise="save_checkpoint" difficulty=3 importance=5 minutes=20
def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Writes `state` to `path` so that at every moment a complete checkpoint, old or new, is there."""
    # solution
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    with open(beside, "wb") as file:
        torch.save(dict(state), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


if __name__ == "__main__":
    tests.test_save_checkpoint(save_checkpoint)


# %% [markdown] lang="zh" tags=["hint"]
# `path.with_name(path.name + ".tmp")` 是旁边的文件；`torch.save` 也接受打开的文件（`"wb"`）。
# %% [markdown] lang="en" tags=["hint"]
# `path.with_name(path.name + ".tmp")` is a file beside it; `torch.save` also takes an open file (`"wb"`).
# %% [markdown] lang="zh" tags=["hint"]
# 改名要在 `with` 块之外：Windows 不许给打开着的文件改名。
# %% [markdown] lang="en" tags=["hint"]
# Rename outside the `with` block: Windows renames no file that is open.
# %% [markdown] lang="zh"
# ### 练习 · 读检查点 · 6 分钟
# 返回 `path` 里的状态，张量都放在 CPU 上，即使是在 GPU 上存的（`map_location="cpu"`；不写它，每个张量都要回到原来的设备，没有 GPU 的机器就报错）；文件不存在，返回 `None`，训练就从头开始。
# 用 `torch.load(…, weights_only=True)`：检查点文件可以藏着 Python 对象，读它就会运行其中的代码；有了这个参数，只许张量、数、字符串和它们的容器，别的报错（错误照样传出去）。
# 旁边没写完的临时文件不理会。
# %% [markdown] lang="en"
# ### Exercise · load a checkpoint · 6 min
# Return the state in `path`, its tensors on the CPU, also where they were saved on a GPU (`map_location="cpu"`; without it each goes back to the device it came from, an error where there is no GPU); where there is no file, `None`, and the training starts from the beginning.
# Use `torch.load(…, weights_only=True)`: a checkpoint file can hide Python objects whose code runs when it is read; with this argument only tensors, numbers, strings and containers of them are allowed, and anything else is an error (which goes on to the caller).
# A half-written temporary file beside it is ignored.
# %% exercise="load_checkpoint" difficulty=1 importance=4 minutes=6
def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The state saved in `path`, with its tensors on the CPU; None where there is none yet."""
    # solution
    return torch.load(path, map_location="cpu", weights_only=True) if path.is_file() else None


if __name__ == "__main__":
    tests.test_load_checkpoint(load_checkpoint)


# %% [markdown] lang="zh" tags=["hint"]
# `map_location="cpu"` 决定张量放在哪里：在 GPU 上存的检查点，没有 GPU 的机器也读得了。
# %% [markdown] lang="en" tags=["hint"]
# `map_location="cpu"` decides where tensors go: a checkpoint saved on a GPU can then be read on a machine without one.
# %% [markdown] lang="zh"
# ### 真的杀掉它
#
# `train_resumably` 先找检查点，有就接着来；每一轮结束存一次。存得勤，花时间；存得稀，被杀时白算得多，平均是两次之间的一半：存一次 3 秒，5 分钟存一次，花掉 1% 的时间，被杀一次平均白算 2.5 分钟（多久最合算，`part4_distributed` 来算）。
# 下一格让一个单独的进程训练，见到第一个检查点，就把它杀掉：没有告别，没有 `finally`。然后在这里接着训练，与从未中断的比较。
# （那个进程用的是课程自己的代码，所以这一格检验的是你的 `restore_state`、`load_checkpoint` 和 `read_log`。）
#
# 杀在“写了日志、还没存检查点”之间，那一轮会再做一次，日志里同一步就有两条。
# 日志只添不改，所以由读的人决定：同一步以*后来的*为准，`by_step` 就是这样读的。
# %% [markdown] lang="en"
# ### Really killed
#
# `train_resumably` looks for a checkpoint first and goes on from it; after each epoch it saves one. Saving often costs time; saving seldom costs more work at a kill, on average half of what lies between two saves: 3 seconds every 5 minutes are 1% of the time, and a kill loses 2.5 minutes on average (`part4_distributed` computes the best interval).
# The next cell lets a process of its own train, and kills it when the first checkpoint is there: without a goodbye, without a `finally`. Then it goes on here, and is compared with a training that was never killed.
# (That process runs the course's own code, so this cell tries your `restore_state`, `load_checkpoint` and `read_log`.)
#
# If the kill comes between the log and the checkpoint, that epoch is done again, and the log has two records for a step.
# The log is only added to and never changed, so the reader decides: of one step the *later* record counts, and that is how `by_step` reads.
# %%
def by_step(records: Iterable[Mapping[str, Any]], key: str) -> dict[int, float]:
    """The values of `key` by step; of several for one step the last."""
    return {record["step"]: record[key] for record in records if "step" in record and key in record}


def train_resumably(args: FinetuneArgs, folder: Path) -> Finetuner:
    """Trains to the end, from the checkpoint in `folder` if there is one."""
    trainer, path = Finetuner(args, three_sets()[0]), folder / "checkpoint.pt"
    if (state := load_checkpoint(path)) is not None:
        restore_state(trainer, state)
    with RunLog(folder / "log.jsonl") as log:
        while trainer.epoch < args.epochs:
            for record in trainer.train_epoch():
                log.log(record)
            save_checkpoint(path, capture_state(trainer))
    return trainer


def start_and_kill(folder: Path) -> None:
    """Starts a training in a process of its own, and kills it once there is a checkpoint."""
    code = f"from part4_experiments.solutions import *; train_resumably(FinetuneArgs(epochs=30), Path({str(folder)!r}))"
    process = subprocess.Popen([sys.executable, "-c", code])  # starts it, and doesn't wait
    while process.poll() is None and not (folder / "checkpoint.pt").is_file():  # None: it still runs
        time.sleep(0.01)
    process.kill()
    process.wait()
    if not (folder / "checkpoint.pt").is_file():
        raise RuntimeError(
            f"start_and_kill: the process ended by itself, with {process.returncode}: read its error above"
        )


if __name__ == "__main__":
    needed = (capture_state, restore_state, save_checkpoint, load_checkpoint, training_step, RunLog, read_log)
    if all(getattr(tests, f"test_{one.__name__}")(one) for one in needed):  # each by its own test
        killed, whole = run_folder("killed"), run_folder("whole")
        start_and_kill(killed)
        done = (load_checkpoint(killed / "checkpoint.pt") or {})["epoch"]
        print(f"killed after {done} epochs, with {len(read_log(killed / 'log.jsonl'))} records in its log")
        args = FinetuneArgs(epochs=30)
        resumed = by_step(read_log(killed / "log.jsonl"), "loss") if train_resumably(args, killed) else {}
        never = by_step(read_log(whole / "log.jsonl"), "loss") if train_resumably(args, whole) else {}
        print(f"{len(resumed)} steps, {len(never)} without the kill;", end=" ")
        print("largest difference of their losses:", max(abs(resumed[step] - never[step]) for step in never))


# %% [markdown] lang="zh" tags=["question"] see="save_checkpoint"
# 检查点是每轮*结束*时存的。若要在一轮中间也能存，状态里还缺什么？
# %% [markdown] lang="en" tags=["question"] see="save_checkpoint"
# Checkpoints are saved at the *end* of an epoch. To save in the middle of one as well, what is missing from the state?
# %% [markdown] lang="zh" tags=["answer"]
# 这一轮的排列，以及已经用到第几批。
# `order` 的状态在抽出排列之后已经往前走了，从它造不回这一轮的顺序；可以存*抽排列之前*的状态和批的序号，接上以后重抽一次，跳过前面的批。
# %% [markdown] lang="en" tags=["answer"]
# The permutation of this epoch, and how many of its batches are done.
# The state of `order` has moved on when the permutation was drawn, so that this epoch's order can't be made from it; save the state from *before* the draw and the number of the batch, draw again after resuming, and skip the batches that are done.
# %% [markdown] lang="zh" numbers="1.0 2.80 9.0 3.26"
# ## 4 · 读损失曲线
# ### 画出来之前
#
# 有了日志，就要会读。每一步的损失只来自一小批，抖得看不清走向，所以常画它的滑动平均：$s \leftarrow 0.9\,s + 0.1\,\text{loss}$。
# 例：$s$ 是 3.0，这一步的损失是 1.0，画出来的就是 2.80。走向清楚了，代价有两样。
# 一是慢：它反映的大约是最近 10 步，真的降下来了，要过一会儿才看得见。
# 二是藏：一下冲到 9.0 的尖峰，画出来不过 3.26；一个 NaN 又会让以后的 $s$ 全是 NaN，有的工具就跳过它，你便看不到了。所以日志里记原始的值，图上也淡淡地画出来。
#
# 纵轴常用对数刻度（`part0_debugging`）：普通的刻度上，开头的大跌占满全高，0.1 以下的都贴着横轴；对数刻度上，相同的*比*就是相同的距离，从 0.01 降到 0.001 与从 1 降到 0.1 一样看得清。
# 横轴也要想一想。批的大小变成八倍，每一步看的图就是八倍：按*步数*画，大批的那条总显得更好。换成看过的图数（轮数）或者用去的时间再比：缺的是哪一样，就用哪一样。
# %% [markdown] lang="en" numbers="1.0 2.80 9.0 3.26"
# ## 4 · Reading loss curves
# ### Before you draw them
#
# With a log, you have to be able to read it. The loss of a step comes from one small batch, and trembles so much that the trend is hard to see; so one often draws its moving average, $s \leftarrow 0.9\,s + 0.1\,\text{loss}$.
# An example: where $s$ is 3.0 and the loss of this step is 1.0, 2.80 is drawn. The trend becomes clear, at two prices.
# It is late: it tells of the last 10 steps or so, and when the loss has really fallen, you see it a little later.
# And it hides: a spike up to 9.0 is drawn as 3.26; and since one NaN makes every later $s$ NaN, some tools leave it out, and you never see it. So log the raw values, and draw them too, in a pale colour.
#
# The vertical axis is often logarithmic (`part0_debugging`). On an ordinary one the large fall at the start takes the whole height, and all below 0.1 lies on the bottom; on a logarithmic one equal *ratios* are equal distances, and a fall from 0.01 to 0.001 can be seen as well as one from 1 to 0.1.
# Think about the horizontal axis as well. With batches eight times as large, each step sees eight times as many pictures: against *steps*, that run always looks better. Compare against pictures seen (epochs) or time used: whichever you are short of.
# %%
if __name__ == "__main__":
    smooth = 3.0
    for loss in (1.0, 1.0, 9.0, 1.0, math.nan, 1.0):
        smooth = 0.9 * smooth + 0.1 * loss
        print(f"loss {loss}, drawn {smooth:.2f}")


# %% [markdown] lang="zh"
# ### 六条病了的曲线
#
# 下一格真的训练了六次，每次有一处主要的毛病（为了看得清楚，别的设置也调过一点）；灰线是健康的那次，作比较。
# 网络都是 64 → 64 → 10，读数字，SGD，150 步（C 是 600 步）。蓝线是训练损失，橙线是留出集的损失。
#
# 看曲线时按顺序问：
# - 第一步之前就验证过一次吗？验证的代码若有毛病，现在就知道，不必等上一小时；曲线也有了起点。
# - 起点对吗？十类全不知道时，损失是 $\ln 10 \approx 2.30$，各类一样多，准确率就在一成上下；差得远，初始化、标签或图就有问题。
# - 一开始就往上冲，几步之内从 2.3 到几十？首先怀疑学习率太高：降到十分之一、百分之一再试。还是往上，只是慢些，多半是符号错了，每步都在上坡。
# - 动了吗？从头一直平着：多半是没有梯度，或者步子太小；先乱跳一阵、再在高处平下来，却可能是步子太大，把网络冲坏了。先用一小批数据试试能不能学到几乎没有损失：学不会，程序里多半有错；学会了，只说明它能记住，不说明它会泛化，也就是把没见过的图认对。
# - 往下以后停在哪里、抖得多厉害、有没有又往上？
# - 开头降得快，后来在高处抖，学习率一降到十分之一，就马上掉下去？这个学习率对后一段太高，步子在谷底两边跳来跳去；调度就是为了这个。反过来，一条慢慢往下、几乎笔直、到最后还在降的线：学习率低得太多。
# - 两条线分开了吗？训练降、留出升，就是过拟合（第 2 天见过）：更多数据、更强的正则化、早点停都有用，更大的网络通常没用。
# - 留出的损失升，准确率却还在涨一点（`part2_cnns`）？准确率只看哪一类排第一，损失还看有多肯定：错的那些越来越肯定，就越来越贵。
# - 两条都停在高处？与过拟合相反：网络太小，或者没学好，更多数据没用。
# - 训练的准确率 99%，留出的却与瞎猜一样（十类，10%）？多半不是过拟合：过拟合的网络，同类的新图仍能认对不少。先查验证这一边：标签与图错了位、图的准备不同、装错了权重、忘了 `eval` 模式。
# - 留出的反而更低？多半无妨：`Dropout` 只在训练时用；训练损失是一轮之中边学边量的，前半轮还没学会；留出的图也可能碰巧容易。要查的是：留出的图有没有混进训练集。
# - 每轮一个齿的锯齿？多半是没有打乱，每轮的顺序都一样；也看看最后不满的一批，和每轮重来的学习率。
# - 忽然一个尖峰？想知道是不是某一批的错：从它之前的检查点重跑两次，一次拿掉这一批，一次把各批的先后换一换。拿掉就没有，或者跟着那一批走，是数据；在同一步照样出现，是学习率或优化器的状态。
# - 忽然变成 NaN？嫌疑是：学习率太高，梯度没有裁剪；0 的对数，除以 0；数据里本来就有 NaN。在日志里找 `grad_norm` 开始变大的那一步，从它之前的检查点重跑，用 `part2_features` 的钩子找出第一个给出 NaN 的层。
# %% [markdown] lang="en"
# ### Six sick curves
#
# The next cell really trains six times, each with one main fault (some other settings are adjusted a little, to show it clearly); the grey line is a healthy training, for comparison.
# The network is always 64 → 64 → 10 and reads digits, with SGD, for 150 steps (C: 600). Blue is the training loss, orange the loss on held-out digits.
#
# Ask in this order:
# - Was the validation run once before the first step? If there is a bug in it, you know now and not after an hour; and the curve has a starting point.
# - Is that point right? Without any idea of ten classes the loss is $\ln 10 \approx 2.30$, and the accuracy, if they are equally frequent, around one in ten; far from it, something is wrong with initialisation, labels or pictures.
# - Does it shoot up at once, from 2.3 to some tens within a few steps? The first suspect is a learning rate that is far too high: try a tenth and a hundredth. If it still rises, only more slowly, a sign is most likely wrong, and each step goes uphill.
# - Does it move? A line that is flat from the beginning mostly means no gradient, or steps that are far too small; one that first jumps about and then stays flat at a high level may come from steps so large that they spoiled the network. Try first whether one small batch can be learnt to nearly no loss: if not, there is most likely a bug; if so, it shows that the network can remember, not that it generalises, that is, gets pictures right that it has never seen.
# - Where does it stop falling, how much does it jump, does it rise again?
# - Does it fall fast, then tremble at a high level, and drop at once when the learning rate is cut to a tenth? That rate was too high for the later part: the steps jump to and fro across the valley; schedules are made for this. A nearly straight line that sinks slowly and is still sinking at the end means the opposite: a rate that is far too low.
# - Do the two lines part? Training down and held-out up is overfitting (as on day 2): more data, more regularisation or an earlier stop help, a larger network usually doesn't.
# - Does the held-out loss rise while its accuracy still rises a little (`part2_cnns`)? The accuracy counts only which class is first; the loss also asks how sure the network is, and its wrong answers become more and more sure, and cost more.
# - Are both flat and high? That is the opposite of overfitting: the network is too small, or hasn't learnt well, and more data won't help.
# - Is the training accuracy 99%, and the held-out one no better than guessing (10% of ten classes)? That is rarely overfitting: an overfitted network still gets many new pictures of the same kind right. Look for a bug in the validation: labels that don't belong to their pictures, pictures prepared in another way, the wrong weights, `eval` mode forgotten.
# - Is the held-out one lower? Mostly innocent: `Dropout` is used in training only; the training loss is measured while the network still learns, and was higher in the first half of the epoch; and the held-out pictures may happen to be easy. What to check is whether held-out pictures got into the training set.
# - A saw-tooth with one tooth for each epoch? Most likely nothing is shuffled, and every epoch has the same order; look at the last, smaller batch, too, and at a learning rate that starts anew in each epoch.
# - A sudden spike? To find out whether one batch is to blame, run again from the checkpoint before it, once without this batch, and once with the batches in another order. If the spike is gone without the batch, or moves with it, it is the data; if it comes at the same step all the same, it is the learning rate or the state of the optimiser.
# - Does it suddenly become NaN? Suspects are a learning rate that is too high, with gradients that aren't clipped; a logarithm of 0, or a division by 0; NaN in the data. Find in the log the step from which `grad_norm` grows, run again from the checkpoint before it, and let the hooks of `part2_features` find the first layer that gives NaN.
# %%
CAUSES = (
    "learning rate too high",
    "learning rate too low",
    "batches sorted by class",
    "gradients never cleared",
    "all weights start at zero",
    "trains too long on too little data",
)

if __name__ == "__main__":
    curves = sick.curves()  # what is wrong with which stands in sick.py: look there afterwards
    figures.six(curves).show()
    print("first losses:", {letter: round(curve.train[0], 2) for letter, curve in curves.items()})
    print("last losses: ", {letter: round(curve.train[-1], 2) for letter, curve in curves.items()})


# %% [markdown] lang="zh"
# ### 练习 · 诊断 · 15 分钟
# 看图下判断：返回字典，从字母 `"A"` 到 `"F"`，各给出 `CAUSES` 中的一句；每句正好用一次。
# 例如（多半不对）`{"A": "learning rate too high", …}`。
# 两条难分的：一条从第 0 步起就乱跳，另一条先好好地下降，*后来*才越摆越大。
# 另外两条都几乎是平的：一条在慢慢往下走，另一条除了批与批之间的抖动，哪里也不去。
# %% [markdown] lang="en"
# ### Exercise · diagnose · 15 min
# Judge by the figure: return a dictionary from the letters `"A"` to `"F"` to one sentence of `CAUSES` each; every sentence is used exactly once.
# For example (and most likely wrong) `{"A": "learning rate too high", …}`.
# Two are hard to tell apart: one jumps from step 0 on, the other falls nicely first and swings wider and wider *later*.
# Two others are almost flat: one goes down slowly, the other goes nowhere and only trembles from batch to batch.
# %% exercise="diagnose" difficulty=2 importance=4 minutes=15
def diagnose() -> dict[str, str]:
    """For each letter of the figure the cause, one of `CAUSES`."""
    # solution
    return {
        "A": "gradients never cleared",
        "B": "learning rate too low",
        "C": "trains too long on too little data",
        "D": "learning rate too high",
        "E": "all weights start at zero",
        "F": "batches sorted by class",
    }


if __name__ == "__main__":
    if tests.test_diagnose(diagnose):
        figures.six(curves, diagnose()).show()


# %% [markdown] lang="zh" tags=["hint"]
# 先挑最容易的：哪一条的橙线往上走、蓝线贴着 0？哪一条有节奏地一起一落？
# %% [markdown] lang="en" tags=["hint"]
# Take the easy ones first: in which does the orange line rise while the blue one is at 0? Which one goes up and down in a rhythm?
# %% [markdown] lang="zh" tags=["hint"]
# 梯度不清空，就一直相加，像动量系数为 1 的动量：来回摆，而且停不下来。步子太大则从一开始就跳过了谷底。
# %% [markdown] lang="en" tags=["hint"]
# Gradients that are never cleared add up, like momentum with a factor of 1: it swings to and fro and nothing stops it. Steps that are too large jump across the valley from the beginning.
# %% [markdown] lang="zh" tags=["question"] see="diagnose"
# 全部权重和偏置都从 0 出发：为什么最后一层的*偏置*还能学，权重却一步也不动？
# %% [markdown] lang="en" tags=["question"] see="diagnose"
# All weights and biases start at 0: why can the *bias* of the last layer learn, while no weight ever moves?
# %% [markdown] lang="zh" tags=["answer"]
# 最后一层权重的梯度是“传来的误差 × 隐藏层的输出”，隐藏层的输出全是 0；第一层的梯度要乘最后一层的权重，也是 0。
# 只有最后的偏置，梯度就是误差本身，不乘任何 0，于是网络学会的只是“各类各占多少”。
# 全设成同一个*非零*的数也不行：每个神经元都一样，梯度也一样，64 个永远是同一个。
# %% [markdown] lang="en" tags=["answer"]
# The gradient of the last layer's weights is the error times the hidden layer's output, and that output is 0; the first layer's gradient is multiplied by the last layer's weights, 0 again.
# Only the gradient of the last bias is the error itself, not multiplied by any 0, so all that the network learns is how frequent each class is.
# Starting all from one number that is *not* 0 fails too: the neurons are equal, so are their gradients, and the 64 stay one and the same.
# %% [markdown] lang="zh" tags=["question"] see="diagnose"
# 数据按类排好时，训练损失一段一段地降到接近 0，留出集的损失却在 3 上下。训练损失低，不是学会了吗？
# %% [markdown] lang="en" tags=["question"] see="diagnose"
# With the data sorted by class, the training loss falls close to 0 in each stretch, while the held-out loss is around 3. Isn't a low training loss a sign that it has learned?
# %% [markdown] lang="zh" tags=["answer"]
# 连着几批都是“3”，只要学会“什么都答 3”，这几批的损失就接近 0；换到“4”，损失又跳上去。
# 每一批的损失只说*这一批*；批不像整个数据集，它的损失也就不像。
# %% [markdown] lang="en" tags=["answer"]
# While several batches hold nothing but the digit 3, it is enough to answer "3" to everything for a loss near 0; when the 4s come, the loss jumps.
# The loss of a batch speaks of *this batch*; where the batch isn't like the data set, neither is its loss.
# %% [markdown] lang="zh" numbers="1.0 0.6 0.7 0.9"
# ### 什么时候停
#
# C 的橙线先降后升：最好的模型在中间某一步（C 只有 40 张图，其中 8 张的标签还换成了随机的，硬记这些错标签，橙线才升得这样明显；标签全对时，它降下来就几乎是平的）。
# 早停（early stopping）盯着验证集的损失，连续几轮没有比最好的更低，就停下，用最好的那一轮的检查点。
# 肯等几轮，叫耐心（patience）：损失会抖，等一轮就停，常常停得太早。与学习率调度合用时要当心：损失常在学习率降下来之后才又往下走，停得早就等不到。
# 挑哪一轮也是挑：100 次验证里最低的，比 10 次里最低的含着更多运气。
# 比较两次运行，有三种公平的办法：
# - 两边验证同样多次；
# - 都看事先定好的一轮，例如最后一轮；
# - 把挑出的权重放到挑选时没用过的图上再量一次。
#
# 例：损失依次是 1.0、0.6、0.7、0.6、0.9，耐心为 3。
# 最好的是第 1 轮（从 0 数）的 0.6；第 3 轮又是 0.6，*不算*更低；到第 4 轮，已经连续三轮没有进步：停。
# %% [markdown] lang="en" numbers="1.0 0.6 0.7 0.9"
# ### When to stop
#
# The orange line of C falls and then rises: the best model is from some step in the middle. (C has only 40 pictures, and 8 of their labels are replaced by random ones: the line rises so clearly because the network learns these by heart; with all labels right it falls and then stays almost flat.)
# **Early stopping** watches the validation loss; when it hasn't been lower than its best for several epochs in a row, training stops, and the checkpoint of the best epoch is used.
# How many epochs it waits is the **patience**: the loss trembles, and whoever waits for just one epoch often stops too early. Take care with a learning rate schedule: often the loss goes down again only after the rate has come down, and an early stop never gets there.
# Picking an epoch is choosing, too: the lowest of 100 validations contains more luck than the lowest of 10.
# There are three fair ways to compare two runs:
# - validate both equally often;
# - take an epoch that was fixed beforehand, such as the last;
# - measure the weights that were picked on pictures that had no part in picking them.
#
# An example: the losses are 1.0, 0.6, 0.7, 0.6, 0.9, and the patience is 3.
# The best is 0.6 in epoch 1 (counted from 0); epoch 3 has 0.6 again, which is *not* lower; in epoch 4 there have been three epochs in a row without progress: stop.
# %%
if __name__ == "__main__":
    best, waited = math.inf, 0
    for epoch, loss in enumerate([1.0, 0.6, 0.7, 0.6, 0.9]):
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        print(f"epoch {epoch}: loss {loss}, best {best}, waited {waited}")


# %% [markdown] lang="zh"
# ### 练习 · 早停 · 12 分钟
# `EarlyStopping(patience)`，`patience` 至少是 1。每轮之后调用 `update(loss)`，返回该不该停（`True` 或 `False`）。
# 最近的损失连续 `patience` 次（或更多次）都不比之前最好的*更低*，就返回 `True`。返回过 `True` 之后还可以继续调用：遇到更低的返回 `False`，否则仍是 `True`。
# `best_loss` 是到现在最低的损失，`best_epoch` 是它在第几次 `update`（从 0 数）；相等时以先出现的为准。
# NaN 从来不是进步，也不许成为 `best_loss`；第一次就是 NaN，也算一次没有进步。只有过 NaN 或无穷大时，`best_loss` 还是无穷大（`math.inf`），`best_epoch` 是什么都行；这时来一个无穷大，算不算进步不判。
# 例如上面的五个损失，依次返回四个 `False`、一个 `True`。
# %% [markdown] lang="en"
# ### Exercise · early stopping · 12 min
# `EarlyStopping(patience)`, where `patience` is at least 1. After each epoch `update(loss)` is called; it returns whether to stop (`True` or `False`).
# It returns `True` when the last `patience` losses, or more, were not *lower* than the best before them. It may be called on after a `True`: a lower loss gives `False`, any other `True` again.
# `best_loss` is the lowest loss so far, and `best_epoch` the number of its `update` (counted from 0); of equal ones the first counts.
# NaN is never progress, and never becomes `best_loss`; a first NaN, too, counts as an update without progress. While all losses were NaN or infinite, `best_loss` is still infinite (`math.inf`), and `best_epoch` may be anything; whether an infinite loss counts as progress until then isn't judged.
# The five losses above, for example, return `False` four times, then `True`.
# %% exercise="EarlyStopping" difficulty=2 importance=4 minutes=12
class EarlyStopping:
    """Says when the loss hasn't got lower for `patience` updates in a row, and remembers its best."""

    best_loss: float
    best_epoch: int

    def __init__(self, patience: int) -> None:
        # solution
        self.patience, self.waited, self.epochs = patience, 0, 0
        self.best_loss, self.best_epoch = math.inf, 0

    def update(self, loss: float) -> bool:
        """Takes note of this epoch's loss; whether it is time to stop."""
        # solution
        self.waited += 1
        if loss < self.best_loss:  # never true of NaN
            self.best_loss, self.best_epoch, self.waited = loss, self.epochs, 0
        self.epochs += 1
        return self.waited >= self.patience


if __name__ == "__main__":
    if tests.test_EarlyStopping(EarlyStopping):
        stopping, held_out = EarlyStopping(patience=50), curves["C"].held_out
        stop = next(step for step, loss in enumerate(held_out) if stopping.update(loss))
        best = f"best: {stopping.best_loss:.2f} at step {stopping.best_epoch}"
        print(f"C: {best}; stopped at {stop}; at the end it would be {held_out[-1]:.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 要记住哪三样：最好的损失、它在第几次、已经等了几次？哪些事会让“等了几次”回到 0？
# %% [markdown] lang="en" tags=["hint"]
# Which three things must be remembered: the best loss, its number, and how many updates it has waited? What sets the last one back to 0?
# %% [markdown] lang="zh" tags=["hint"]
# 任何数与 NaN 比较都是 `False`：把条件写成“更低才是进步”，而不是“更高就不是”。
# %% [markdown] lang="en" tags=["hint"]
# Every comparison with NaN is `False`: write the condition as "lower is progress", not as "higher is none".
# %% [markdown] lang="zh"
# ## 5 · 种子的噪声
# ### 一次运行证明不了什么
#
# 训练 6 轮还是 12 轮，多练一倍有没有用？各训练一次，比一比就知道了，对吗？
# 下一格把每个设置各训练八次，只换种子。
# %% [markdown] lang="en"
# ## 5 · The noise of seeds
# ### One run proves nothing
#
# Does it help to train twice as long, for 12 epochs instead of 6? Train once with each and compare, and you know, don't you?
# The next cell trains eight times with each setting; only the seed differs.
# %% [markdown] lang="zh" tags=["question"] see="compare_seeds"
# 先预测：八次运行，设置完全相同，验证集的准确率最高与最低差多少？不到 1 个百分点，还是好几个？
# %% [markdown] lang="en" tags=["question"] see="compare_seeds"
# Predict: in eight runs with the same setting, how far apart are the best and the worst accuracy on the validation set? Less than one point, or several?
# %% [markdown] lang="zh" tags=["answer"]
# 好几个百分点，比两个设置的均值之间的差还大：挑一次走运的 6 轮、一次不走运的 12 轮，结论就反了。
# 种子决定新分类头的初始值、数据的顺序、加的噪声；哪一样都不是“设置”，却都改变结果。
# 所以只跑一次就说“好了 2 个百分点”，很可能只是种子的差别。
# %% [markdown] lang="en" tags=["answer"]
# Several points, more than the means of the two settings differ: take a lucky run of 6 epochs and an unlucky one of 12, and the conclusion is reversed.
# The seed decides how the new head starts, the order of the data, and the noise; none of them is a "setting", and all of them change the result.
# So "2 points better" after one run may well be nothing but the difference between seeds.
# %%
def val_accuracy(args: FinetuneArgs) -> float:
    """The accuracy on the validation set after a whole fine-tuning."""
    few, validation, _ = three_sets()
    trainer = Finetuner(args, few)
    while trainer.epoch < args.epochs:
        trainer.train_epoch()
    return accuracy(trainer.model, validation)


if __name__ == "__main__":
    scores = {}
    if tests.test_training_step(training_step) and tests.test_update_args(update_args):
        for epochs in (6, 12):
            scores[epochs] = {seed: val_accuracy(FinetuneArgs(epochs=epochs, seed=seed)) for seed in range(8)}
            print(f"{epochs} epochs:", *(f"{score:.1%}" for score in scores[epochs].values()))
        figures.seeds(scores).show()


# %% [markdown] lang="zh" numbers="90 2 1.0"
# ### 均值有多准
#
# 四次运行的准确率是 88、92、91、89（百分数）。均值 90。
# 标准差量的是*一次*运行离均值通常多远：差是 $-2, 2, 1, -1$，平方和 10，除以 $4-1$，开方，约 1.83。
# 除以 3 而不是 4，因为均值也是从这四个数算出来的，量出的差就偏小。
#
# 可是我们关心的不是一次运行，而是*均值*有多准：再跑四次，均值又会在哪里？
# 均值的标准差叫标准误差（standard error）：标准差除以 $\sqrt n$，这里是 $1.83/2 \approx 0.91$。
# 为什么是 $\sqrt n$？相互独立的数相加，方差也相加，和的方差是 $n$ 倍；均值是和除以 $n$，方差就除以 $n^2$，剩下 $1/n$；再开方。
# 运行次数乘 4，标准误差才减半。
# 下一格检验这个公式：从标准差为 2 的正态分布里抽许多组，每组四个数，看各组的均值实际散开多少；应当是 $2/\sqrt 4 = 1.0$。
# %% [markdown] lang="en" numbers="90 2 1.0"
# ### How sure the mean is
#
# Four runs have the accuracies 88, 92, 91, 89 (in percent). Their mean is 90.
# The standard deviation says how far *one* run usually is from the mean: the distances are $-2, 2, 1, -1$, the sum of their squares is 10, divided by $4-1$, and the root is about 1.83.
# Divided by 3 and not by 4, because the mean was computed from the same four numbers, which makes the distances too small.
#
# But we don't care about one run, we care how sure the *mean* is: with four more runs, where would it be?
# The standard deviation of the mean is called **standard error**: the standard deviation divided by $\sqrt n$, here $1.83/2 \approx 0.91$.
# Why $\sqrt n$? Variances of independent numbers add, so that of the sum is $n$ times as large; the mean is the sum divided by $n$, which divides the variance by $n^2$ and leaves $1/n$; then take the root.
# It takes four times as many runs to make it half as large.
# The next cell tests this: it draws many groups of four from a normal distribution of standard deviation 2, and looks how far the means of the groups really are spread; it should be $2/\sqrt 4 = 1.0$.
# %%
if __name__ == "__main__":
    print("mean of the four:", torch.tensor([88.0, 92, 91, 89]).mean().item())
    groups = 90 + 2 * torch.randn(100_000, 4, generator=torch.Generator().manual_seed(0))
    print(f"spread of single runs: {groups.std():.1f}, spread of the means of four: {groups.mean(dim=1).std():.1f}")


# %% [markdown] lang="zh"
# ### 练习 · 标准误差 · 8 分钟
# 返回均值的标准误差：样本标准差（除以 $n-1$）除以 $\sqrt n$，一个 Python 数。
# 数可以全是整数，也可以全相等（那时是 0，只差舍入；所以先减均值再平方，因为平方的均值减均值的平方可能略小于 0）。少于两个数，没有散开可言，报 `ValueError`。
# 例如 88、92、91、89 约得 0.913。
# %% [markdown] lang="en"
# ### Exercise · standard error · 8 min
# Return the standard error of the mean: the sample's standard deviation (divided by $n-1$), divided by $\sqrt n$, as a Python number.
# They may all be whole numbers, or all be equal (then it is 0, up to rounding; so subtract the mean before you square: the mean of squares minus the square of the mean may come out just below 0). Fewer than two numbers have no spread: raise `ValueError`.
# 88, 92, 91, 89, for example, give about 0.913.
# %% exercise="standard_error" difficulty=1 importance=4 minutes=8
def standard_error(values: Sequence[float]) -> float:
    """How far the mean of `values` usually is from the true mean."""
    # solution
    if len(values) < 2:
        raise ValueError(f"standard_error: {len(values)} value has no spread: run more seeds")
    return statistics.stdev(values) / math.sqrt(len(values))


if __name__ == "__main__":
    if tests.test_standard_error(standard_error):
        print(f"{standard_error([88, 92, 91, 89]):.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# `statistics.stdev` 和 `torch.std` 除以 $n-1$；`statistics.pstdev` 和 NumPy 的 `np.std` 默认除以 $n$。
# %% [markdown] lang="en" tags=["hint"]
# `statistics.stdev` and `torch.std` divide by $n-1$; `statistics.pstdev` and NumPy's `np.std` divide by $n$ by default.
# %% [markdown] lang="zh" numbers="2 1.3 0.4 1.5 4.9"
# ### 同样的种子，成对地比
#
# 两个设置 A 和 B，各用种子 0 到 3：
#
# | 种子 | A | B | B − A |
# |---|---|---|---|
# | 0 | 88 | 90 | 2 |
# | 1 | 92 | 93 | 1 |
# | 2 | 91 | 94 | 3 |
# | 3 | 89 | 91 | 2 |
#
# 均值相差 2。
# 当作两组互相独立的数来比，差的标准误差是两边标准误差的平方相加再开方：$\sqrt{0.91^2 + 0.91^2} \approx 1.3$，差是它的 1.5 倍：看不出差别。
# 成对来看，四个差是 2、1、3、2，它们的标准误差只有 0.4，差是它的 4.9 倍：很清楚。
#
# 为什么？不走运的种子，两边*都*不走运：种子 0 的 A 和 B 都低。这份共同的运气，一减就没了。
# 这叫配对比较（paired comparison）。它也是 `ablate` 两边用同一组种子的道理。
# 多大才算？常用的规矩：差超过两个标准误差，才当真。
# %% [markdown] lang="en" numbers="2 1.3 0.4 1.5 4.9"
# ### The same seeds, compared in pairs
#
# Two settings A and B, each with the seeds 0 to 3:
#
# | seed | A | B | B − A |
# |---|---|---|---|
# | 0 | 88 | 90 | 2 |
# | 1 | 92 | 93 | 1 |
# | 2 | 91 | 94 | 3 |
# | 3 | 89 | 91 | 2 |
#
# The means differ by 2.
# Taken as two independent groups, the standard error of the difference is the root of the sum of the squares of both errors: $\sqrt{0.91^2 + 0.91^2} \approx 1.3$, and the difference is 1.5 times that: nothing to be seen.
# Taken in pairs, the four differences are 2, 1, 3, 2, with a standard error of only 0.4; the difference is 4.9 times that: quite clear.
#
# Why? An unlucky seed is unlucky for *both*: with seed 0 both A and B are low. This common luck vanishes in the subtraction.
# It is called a **paired comparison**, and it is why `ablate` uses the same seeds on both sides.
# How large is large enough? A common rule: believe a difference only when it is more than two standard errors.
# %%
if __name__ == "__main__":
    a, b = torch.tensor([88.0, 92, 91, 89]), torch.tensor([90.0, 93, 94, 91])
    mean, pairs, apart = (b - a).mean(), (b - a).std() / 2, ((a.var() + b.var()) / 4).sqrt()
    print(f"difference {mean:.0f}; apart: error {apart:.1f}, {mean / apart:.1f} times", end="; ")
    print(f"in pairs: error {pairs:.1f}, {mean / pairs:.1f} times")


# %% [markdown] lang="zh"
# ### 种子相同，抽的签也相同吗
#
# 种子只决定*一串*随机数。两边按同样的顺序取同样多个，才处处相同。
# 网络多一层，初始化权重就多取几个，以后每次取到的都是另外的数：下一格里，数据的顺序也变了。
# 所以 `Finetuner` 的数据顺序有自己的发生器 `order`。第 7 节改 `pretrained` 时，两边只有这个顺序相同，头和噪声都不同：共同的运气少了，配对省下的也就少。
# %% [markdown] lang="en"
# ### The same seed, the same luck?
#
# A seed fixes *one sequence* of random numbers. Everything is equal only if both sides draw equally many, in the same order.
# An extra layer draws extra numbers for its initial weights, so every later draw gets another number: in the next cell the order of the data changes too.
# That is why `order` in `Finetuner` is a generator of its own. Where section 7 changes `pretrained`, this order alone is the same on both sides, and head and noise differ: they share less luck, and pairing saves less.
# %%
if __name__ == "__main__":
    for n_layers in (1, 2):
        torch.manual_seed(0)
        layers = [nn.Linear(4, 4) for _ in range(n_layers)]
        print(f"{len(layers)} layers, then the order of the data: {torch.randperm(6).tolist()}")


# %% [markdown] lang="zh"
# ### 练习 · 配对比较 · 15 分钟
# `before` 和 `after` 把种子对应到分数。返回两个数：每个种子的差（`after` 减 `before`）的均值，以及这些差的标准误差。
# 两边的种子相同，但字典里的顺序可以不同：按种子配对，不按位置。
# 种子不完全相同，或者少于两个，报 `ValueError`：没有配成对，就不是配对比较。
# 例如 `{0: 88, 1: 92}` 与 `{1: 95, 0: 89}`，差是 1 和 3，返回 `(2.0, 1.0)`。
# %% [markdown] lang="en"
# ### Exercise · paired comparison · 15 min
# `before` and `after` map seeds to scores. Return two numbers: the mean of the differences (`after` minus `before`, seed by seed), and the standard error of these differences.
# Both have the same seeds, but perhaps in another order: pair them by seed and not by place.
# If the seeds aren't the same, or are fewer than two, raise `ValueError`: without pairs it is no paired comparison.
# With `{0: 88, 1: 92}` and `{1: 95, 0: 89}`, for example, the differences are 1 and 3, and `(2.0, 1.0)` is returned.
# %% exercise="compare_seeds" difficulty=2 importance=5 minutes=15
def compare_seeds(before: Mapping[int, float], after: Mapping[int, float]) -> tuple[float, float]:
    """The mean of the differences, seed by seed, and its standard error."""
    # solution
    if set(before) != set(after):
        raise ValueError(f"compare_seeds: seeds {sorted(before)} against {sorted(after)}: run the same on both sides")
    differences = [after[seed] - before[seed] for seed in before]
    return statistics.fmean(differences), standard_error(differences)


if __name__ == "__main__":
    if tests.test_compare_seeds(compare_seeds) and tests.test_standard_error(standard_error) and scores:
        # hypot: the root of the sum of the squares; {mean:+.1%}: with its sign, as a percentage
        apart = math.hypot(*(standard_error(list(scores[epochs].values())) for epochs in (6, 12)))
        mean, error = compare_seeds(scores[6], scores[12])
        print(f"12 epochs against 6: {mean:+.1%}; standard error {apart:.1%} apart, {error:.1%} in pairs")


# %% [markdown] lang="zh" tags=["hint"]
# 先算每个种子的差，再把差当作一串普通的数：均值，`standard_error`。
# %% [markdown] lang="en" tags=["hint"]
# First the difference for each seed; then these are numbers like any others: their mean, and `standard_error`.
# %% [markdown] lang="zh" tags=["hint"]
# 字典的键可以当集合比较：`set(before) != set(after)`。
# %% [markdown] lang="en" tags=["hint"]
# The keys of dictionaries can be compared as sets: `set(before) != set(after)`.
# %% [markdown] lang="zh" tags=["question"] see="compare_seeds"
# 先预测，再运行下一格：两边是*同一个*设置，差只是运气。用“超过两个标准误差”的规矩，会误报多少次？用 3 个种子呢，20 个呢？
# 另外：从 20 个一模一样的设置里挑出最好的一个，它看上去会比平均好多少？
# %% [markdown] lang="en" tags=["question"] see="compare_seeds"
# Predict, then run the next cell: both sides have *the same* setting, and differ by luck alone. How often does "more than two standard errors" raise a false alarm? With 3 seeds, and with 20?
# And: out of 20 settings that are all the same you pick the best one. How much better than the average does it look?
# %% [markdown] lang="zh" tags=["answer"]
# 20 个种子约 6%；只有 3 个种子时约 18%：标准误差是从三个数估出来的，常常偏小。
# 所以种子少，门槛要高：要把误报压到 5%，5 个种子用 2.8 倍，3 个用 4.3 倍。
# 挑最好的：好像高出将近两个标准差，全是运气；换一批种子重跑，一般就回到平均上下。
# 所以挑出来的那个要用*新的*种子和没看过的测试集再量一次。
# %% [markdown] lang="en" tags=["answer"]
# With 20 seeds about 6% of the time; with only 3 about 18%: the error was estimated from three numbers, and is often too small.
# So with few seeds ask for more: to keep false alarms at 5%, ask for 2.8 standard errors with 5 seeds, and 4.3 with 3.
# The best of twenty looks almost two standard deviations better, which is nothing but luck; with new seeds it usually falls back to around the average.
# That is why the winner must be measured once more, with *new* seeds and on a test set that nobody has looked at.
# %%
if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    for n in (3, 5, 10, 20):
        luck = torch.randn(20_000, n, generator=generator)  # differences between two equal settings
        alarms = luck.mean(dim=1).abs() > 2 * luck.std(dim=1) / math.sqrt(n)
        print(f"{n} seeds: {alarms.float().mean():.0%} false alarms")
    best = torch.randn(20_000, 20, generator=generator).amax(dim=1).mean()
    print(f"the best of 20 equal settings looks {best:.1f} standard deviations better")


# %% [markdown] lang="zh"
# ## 6 · 找超参数
# ### 对数刻度
#
# 在 0.0001 到 0.1 之间均匀地抽学习率，十次里有九次落在 0.01 到 0.1 之间：0.0001 到 0.001 一段只分到不到百分之一。
# 可是学习率的作用是*乘*上去的：从 0.001 变到 0.002，与从 0.01 变到 0.02，都是加倍。
# 所以要让每个*数量级*机会相同：抽它的对数。
# 从 $\ln 0.0001$ 到 $\ln 0.1$ 均匀地抽一个数 $u$，取 $e^u$，这叫对数均匀分布（log-uniform distribution）。若找到的最好值就在范围的边上，就把范围往那边放宽，再找一次。
# 例：1 到 100 之间，$u$ 正好落在正中，得到的不是 50.5，而是 $\sqrt{1 \cdot 100} = 10$。
# 对每个超参数都问一句：它起作用是*乘*还是*加*？宽度、批的大小加倍才算一步，取对数均匀，再取整；`Dropout` 的比例从 0.1 到 0.2 与从 0.3 到 0.4 差不多算一步，均匀地抽；优化器只有名字，没有大小，列成表，机会均等地抽一个。
# 一项决定别的项有没有意义，就先抽这一项：抽到 SGD 才抽动量，学习率也从那个优化器自己的范围里抽（例如 SGD 是 0.001 到 1，Adam 是 0.0001 到 0.01）。共用一个范围，总有一方的多数次数白费，看上去就比实际差；给 Adam 也抽一个用不上的动量，以后分析时只会添乱。
# %% [markdown] lang="en"
# ## 6 · Finding hyperparameters
# ### A log scale
#
# Draw learning rates evenly between 0.0001 and 0.1, and nine in ten fall between 0.01 and 0.1: less than one in a hundred is left for 0.0001 to 0.001.
# But a learning rate works by *multiplying*: from 0.001 to 0.002 it doubles, as it does from 0.01 to 0.02.
# So each *power of ten* should have the same chance: draw the logarithm.
# Draw a number $u$ evenly from $\ln 0.0001$ to $\ln 0.1$ and take $e^u$: this is called the **log-uniform distribution**. If the best value found is at the edge of the range, widen it on that side and search again.
# An example: between 1 and 100, where $u$ is exactly in the middle, you don't get 50.5 but $\sqrt{1 \cdot 100} = 10$.
# Ask of each hyperparameter whether it works by *multiplying* or by *adding*. For a width or a batch size one step is to double it: draw log-uniformly, and round. For `Dropout` from 0.1 to 0.2 is about the same step as from 0.3 to 0.4: draw evenly. Optimisers have names and no size: make a list, and draw one with equal chances.
# Where one choice decides whether others make sense, draw it first: momentum only after SGD was drawn, and the learning rate from a range of that optimiser's own (say, 0.001 to 1 for SGD, 0.0001 to 0.01 for Adam). In one common range most trials of one of them are wasted, and it looks worse than it is; and a momentum drawn for Adam, which has no use for it, only confuses the analysis later.
# %%
if __name__ == "__main__":
    evenly = 1e-4 + (1e-1 - 1e-4) * torch.rand(1000, generator=torch.Generator().manual_seed(0))
    for low in (1e-4, 1e-3, 1e-2):
        print(f"{low} to {10 * low:g}: {((low <= evenly) & (evenly < 10 * low)).sum()} of 1000")


# %% [markdown] lang="zh"
# ### 练习 · 对数均匀地抽 · 12 分钟
# 返回 `low` 与 `high` 之间的一个 Python 数，对数均匀；两端算不算在内都行。
# 随机数只取自 `generator`：状态相同的发生器给出相同的数，全局发生器不动。
# `low` 不大于 0，或者 `low` 大于 `high`，报 `ValueError`。两者相等，就返回它（容许舍入误差）。
# 例如 `sample_log_uniform(1e-4, 1e-1, generator)`，三个数量级各占三分之一。
# %% [markdown] lang="en"
# ### Exercise · draw log-uniformly · 12 min
# Return a Python number between `low` and `high`, drawn log-uniformly; whether the ends are included doesn't matter.
# Random numbers come from `generator` alone: generators of the same state give the same number, and the global one is left alone.
# If `low` isn't above 0, or `low` is above `high`, raise `ValueError`. If both are equal, that number is returned (up to rounding).
# In `sample_log_uniform(1e-4, 1e-1, generator)`, for example, each of the three powers of ten has a third of the chance.
# %% exercise="sample_log_uniform" difficulty=2 importance=4 minutes=12
def sample_log_uniform(low: float, high: float, generator: torch.Generator) -> float:
    """A number between `low` and `high` whose logarithm is uniformly distributed."""
    # solution
    if not 0 < low <= high:
        raise ValueError(f"sample_log_uniform: from {low} to {high}: the range must be above 0, and go upwards")
    share = torch.rand((), generator=generator, dtype=torch.float64).item()
    return low * (high / low) ** share


if __name__ == "__main__":
    if tests.test_sample_log_uniform(sample_log_uniform):
        generator = torch.Generator().manual_seed(0)
        print(*(f"{sample_log_uniform(1e-4, 1e-1, generator):.2g}" for _ in range(9)))


# %% [markdown] lang="zh" tags=["hint"]
# 先在哪两个数之间均匀地抽？抽完以后用什么函数变回来？
# %% [markdown] lang="en" tags=["hint"]
# Between which two numbers do you draw evenly? And which function brings you back?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.rand((), generator=generator).item()` 给出 0 到 1 的一个数；再加上 `math.log` 和 `math.exp`。
# %% [markdown] lang="en" tags=["hint"]
# `torch.rand((), generator=generator).item()` gives a number from 0 to 1; add `math.log` and `math.exp`.
# %% [markdown] lang="zh" numbers="0.083 0.055"
# ### 九个格点，九个随机点
#
# 两个超参数，训练九次。网格搜索（grid search）各取三个值，搭配成九个点；随机搜索（random search）九次都各抽各的。
# 网格看上去更整齐，其实常常更差：如果只有学习率要紧，网格的九次训练只试了*三个*学习率，每个试了三遍；随机的九次试了*九个*。
# 而事先你并不知道哪个要紧。只有一个超参数，或者知道两个都要紧，网格也不坏。只调得起一个时，多半该调学习率：错得远，不是发散就是学不动；而且模型、优化器、批的大小一换，合适的学习率也跟着换。
# 试多少次够？随机抽 60 次，一次也没有落进最好的 5%，机会是 $0.95^{60}$，不到 5%，超参数有几个都一样；至于最好的 5% 有多好，它不保证。
# 搜完以后，把分数对每个超参数各画一张图，一次一个点（对数均匀抽的，横轴也用对数）：看得出斜坡或山头，它就要紧；一片没有形状的云，它就不要紧，或者只在与另一个配合时才要紧。
# 两件事会骗人：点少、每个只跑一个种子，光凭运气也堆得出山头；范围太窄，要紧的超参数也显得平。
# 下一格真的训练十八次：横轴是学习率，纵轴是权重衰减（在这里，除了学习率太大时，几乎没有作用）。
# 这*一次*谁找到的更好，看运气；平均起来却算得出来。
# 设想最好的学习率在对数刻度上哪一处都一样可能，整段的长度算 1。试过的学习率里，离它最近的那个，平均差多远？
# 网格平均差 0.083，随机平均差 0.055。
# 推荐阅读：Bergstra 与 Bengio，*Random Search for Hyper-Parameter Optimization*（英文，2012）：图 1 就是这张图；读的时候想想，若两个超参数同样要紧，哪一种更好？
# %% [markdown] lang="en" numbers="0.083 0.055"
# ### Nine points of a grid, nine random points
#
# Two hyperparameters, nine trainings. **Grid search** takes three values of each and combines them into nine points; **random search** draws both anew, nine times.
# The grid looks tidier, and is often worse: if only the learning rate matters, the nine trainings of the grid have tried *three* learning rates, each three times; the nine random ones have tried *nine*.
# And you don't know beforehand which one matters. With one hyperparameter, or two that are known to matter, a grid is fine. If you can afford to tune only one, it is mostly the learning rate: far off, training diverges or hardly moves; and another model, optimiser or batch size wants another rate.
# How many trials are enough? The chance that none of 60 random trials is among the best 5% is $0.95^{60}$, below 5%, however many hyperparameters there are; how good the best 5% are, nobody promises.
# Afterwards draw the score against each hyperparameter, a point for each trial (on a log axis where it was drawn log-uniformly): with a slope or a hill it matters; with a shapeless cloud it doesn't, or only together with another one.
# Two things mislead: with few points and one seed each, luck alone makes hills; and in too narrow a range, a hyperparameter that matters looks flat.
# The next cell really trains eighteen times: across is the learning rate, upwards the weight decay (which does almost nothing here, unless the learning rate is too high).
# Which of them wins *this time* is luck; the average can be computed.
# Suppose that the best learning rate may lie anywhere on the log scale with the same chance, and call the length of the scale 1. How far from it, on average, is the nearest one that was tried?
# On average the grid is off by 0.083, the random points by 0.055.
# Worth reading: Bergstra and Bengio, *Random Search for Hyper-Parameter Optimization* (English, 2012): its figure 1 is this picture; while reading, ask which is better if both hyperparameters matter equally.
# %%
if __name__ == "__main__":
    if scores and tests.test_sample_log_uniform(sample_log_uniform):
        generator = torch.Generator().manual_seed(0)
        grid = [(10**lr, 10**decay) for lr in (-3.3, -2, -0.7) for decay in (-3.3, -2, -0.7)]  # middles of the thirds
        drawn = [tuple(sample_log_uniform(1e-4, 1.0, generator) for _ in range(2)) for _ in range(9)]
        found = {
            name: [(lr, decay, val_accuracy(FinetuneArgs(lr=lr, weight_decay=decay, epochs=6))) for lr, decay in points]
            for name, points in (("grid", grid), ("random", drawn))
        }
        for name, points in found.items():
            print(f"{name}: {len({lr for lr, _, _ in points})} learning rates, best {max(s for _, _, s in points):.1%}")
        figures.searches(found).show()
    generator = torch.Generator().manual_seed(0)
    best = torch.rand(1_000_000, 1, generator=generator)  # the best learning rate: anywhere
    tried = {"grid": torch.tensor([1 / 6, 1 / 2, 5 / 6]), "random": torch.rand(1_000_000, 9, generator=generator)}
    print(*(f"{name} is off by {(points - best).abs().amin(dim=1).mean():.3f}" for name, points in tried.items()))


# %% [markdown] lang="zh"
# ### 练习 · 随机搜索 · 20 分钟
# 试 `trials` 个设置，返回分数最高的设置和它的分数；分数越高越好。
# - `space` 把字段的名字对应到函数：收一个发生器，返回一个值。每一次按 `space` 的顺序，把每个函数各调用一次。
# - 所有的随机数来自*一个*发生器：`torch.Generator().manual_seed(seed)`，从头用到尾。所以同样的 `seed` 试同样的设置。
# - 每一次：抽样，`update_args(args, …)`，`train` 对它给出分数；然后*马上*记一条 `{"trial": 0, "sampled": {…}, "score": …}`，次数从 0 数。
# - 分数是 NaN 的（训练发散了）照样记下（不记，那一带就像从没试过，平均起来也显得太好），但从不是最好的；至少有一次不是 NaN。并列时取哪个都行。
#
# `log` 是任何有 `log(record)` 的东西，例如 `RunLog`；它也许把记录留着，所以每次给它新的字典。`space` 里的名字都是字段，分数是 Python 的数。
# 例如两次的分数是 NaN 和 0.5，返回第二个设置和 0.5。
# %% [markdown] lang="en"
# ### Exercise · random search · 20 min
# Try `trials` settings, and return the one with the highest score, and this score; the higher, the better.
# - `space` maps names of fields to functions that take a generator and return a value. In each trial every one of them is called once, in the order of `space`.
# - All random numbers come from *one* generator, `torch.Generator().manual_seed(seed)`, used from first to last. So the same `seed` tries the same settings.
# - In each trial: draw, `update_args(args, …)`, and let `train` give its score; then log *at once* `{"trial": 0, "sampled": {…}, "score": …}`, with trials counted from 0.
# - A score that is NaN (a training that diverged) is logged as well (left out, that region would look untried, and its average too good), but is never the best; at least one isn't NaN. Of equal ones take any.
#
# `log` is anything with `log(record)`, such as a `RunLog`; it may keep its records, so give it new dictionaries each time. Names in `space` are fields, and scores Python numbers.
# With the scores NaN and 0.5, for example, the second setting and 0.5 are returned.
# %% exercise="random_search" difficulty=3 importance=4 minutes=20
Space = Mapping[str, Callable[[torch.Generator], Any]]


def random_search(
    train: Callable[[Any], float], args: Args, space: Space, trials: int, seed: int, log: Any
) -> tuple[Args, float]:
    """The best of `trials` random settings and its score; each is logged as soon as it is done."""
    # solution
    generator, best = torch.Generator().manual_seed(seed), (args, math.nan)
    for trial in range(trials):
        sampled = {name: draw(generator) for name, draw in space.items()}
        tried = update_args(args, sampled)
        score = train(tried)
        log.log({"trial": trial, "sampled": sampled, "score": score})
        if not math.isnan(score) and not score <= best[1]:  # every comparison with the first NaN is False
            best = tried, score
    return best


if __name__ == "__main__":
    needed = (random_search, sample_log_uniform, update_args, RunLog)
    if scores and all(getattr(tests, f"test_{one.__name__}")(one) for one in needed):
        space = {"lr": lambda generator: sample_log_uniform(1e-4, 1.0, generator)}
        with RunLog(run_folder("sweep") / "log.jsonl") as log:
            best, score = random_search(val_accuracy, FinetuneArgs(epochs=6), space, 9, 0, log)
        print(f"random search: {score:.1%} with lr {best.lr:.2g}")
        print(extras.optuna_search(lambda lr: val_accuracy(FinetuneArgs(lr=lr, epochs=6)), 1e-4, 1.0, trials=9))


# %% [markdown] lang="zh" tags=["hint"]
# 发生器在循环之前造，还是在循环里面造？在里面造，每一次会抽到什么？
# %% [markdown] lang="en" tags=["hint"]
# Is the generator made before the loop or inside it? Made inside, what would each trial draw?
# %% [markdown] lang="zh" tags=["hint"]
# `max` 遇到 NaN 会看运气：`max([nan, 0.5])` 是 NaN，`max([0.5, nan])` 是 0.5。自己比较，`score > best` 对 NaN 总是 `False`。
# %% [markdown] lang="en" tags=["hint"]
# With NaN, `max` depends on the order: `max([nan, 0.5])` is NaN, `max([0.5, nan])` is 0.5. Compare yourself: `score > best` is always `False` for NaN.
# %% [markdown] lang="zh"
# ### 现成的库
#
# 上一格的最后一行是 Optuna 的搜索：默认前 10 次也是随机的，之后按已有的结果，把新的点多放在好点的附近（它默认的办法叫 TPE）。
# 这类库还会剪枝（pruning）：训练到一半就落后的，提前停掉，省下时间。它可能错杀起步慢的：学习率小、预热长的，本来也许最后会赢。
# 它是可选的（`pip install optuna`，或在课程文件夹里 `pip install -e ".[sweep]"`：`.` 是这个文件夹里的课程，`-e` 就地安装、不复制，方括号里是可选的附加包）；没有装，那一行就告诉你怎样装，课程的别处都不需要它。
# 所以上面的九次训练，就是随机搜索；参数多、训练贵、次数上百时，才见好处。
# 要公平地比较两种搜索：范围和次数都相同，各用几个种子重做；画出到每一次为止最好的分数，连同各种子的均值和散开的程度；各自挑出的设置，再用新的种子量一次。
#
# 看曲线、比运行，也有现成的网页工具，例如 Weights & Biases。
# 比本地的日志多的是：一个网页，训练还在跑，在哪台机器上都能打开，也能给别人看；所有的运行连同设置排成一张表，按哪一列都能排序；代码是哪次提交、机器有多忙，它自己会记。
# `extras.WandbLog` 的用法与 `RunLog` 一样，默认*离线*：写在本地，不需要账号；想上传的人以后自己 `wandb sync`。
# %% [markdown] lang="en"
# ### Libraries for it
#
# The last line of the cell above is a search by Optuna: its first 10 trials are random, too (by default); later it uses the results so far, and puts more of its points near the good ones (its default way is called TPE).
# Such libraries also offer **pruning**: a trial that lags behind half-way is stopped, which saves time. It may hit slow starters by mistake: a small learning rate or a long warm-up might have won in the end.
# It is optional (`pip install optuna`, or `pip install -e ".[sweep]"` in the course's folder: `.` is the course in this folder, `-e` installs it where it is, without a copy, and the brackets name an optional extra); without it that line says how to install it, and nothing else in the course needs it.
# So the nine trainings above are a random search; with more hyperparameters, expensive trainings and a hundred trials it pays.
# To compare two ways of searching fairly, give both the same ranges and number of trials, and repeat each with several seeds; draw the best score so far against the trials, its mean over the seeds and its spread; and measure the settings they chose once more, with new seeds.
#
# To look at curves and compare runs there are web tools, such as Weights & Biases.
# What they add to a local log: a page that can be opened on any machine and shared while training runs; one table of all runs with their settings, to be sorted by any column; and the commit and the load of the machine, noted without your help.
# `extras.WandbLog` is used like a `RunLog`, and is *offline* by default: it writes to the disk and needs no account; whoever wants to upload calls `wandb sync` later.
# %%
if __name__ == "__main__":
    if tests.test_read_log(read_log):  # glob: all files of that pattern; st_mtime: when a file was last written to
        logs = sorted(Path("runs").glob("*/log.jsonl"), key=lambda path: path.stat().st_mtime)  # the latest last
        curves_of = {path.parent.name: by_step(read_log(path), "loss") for path in logs}
        latest = {name: curve for name, curve in curves_of.items() if curve}
        if latest:
            figures.compare(dict(list(latest.items())[-8:])).show()


# %% [markdown] lang="zh"
# ## 7 · 实验记录
# ### 假设、改动、结果、结论
#
# 第 0 天的 `ablate` 之后，你在记录里写过：问题、预测、结果、意外；第 2 天的消融实验把这四项记成一行 JSON。
# 同样的习惯，现在由程序来守：每个实验四项，顺序不能乱，所以分成两行，前两项在训练之前，后两项在训练之后。
# - 假设（hypothesis）：你认为会怎样，*为什么*；
# - 改动：只改一处，别的要公平；例如批的大小变成八倍、轮数不变，更新次数就只剩八分之一，比的就不只是批的大小，而且学习率要两边各调各的才公平；
# - 结果：差多少，误差多大；
# - 结论：更好、更差，还是看不出。
#
# “看不出”是很常见的结论，也是很好的结论：以后可以少费力气。它不等于“没有差别”，只是用这么多种子还看不出来。
# 假设必须在结果*之前*写进文件：程序只往日志里添，从不回头改，预测就不会看了结果再悄悄换掉。
# %% [markdown] lang="en"
# ## 7 · The record of experiments
# ### Hypothesis, change, result, conclusion
#
# After `ablate` on day 0 you wrote a log: question, prediction, result, surprise; the ablation of day 2 put these four into a line of JSON.
# It is the same habit, and now the program keeps it: four entries for each experiment, in this order, and so in two lines, the first two before the training and the last two after it.
# - The **hypothesis**: what you think will happen, and *why*;
# - the change: one only, and fair in all else; with batches eight times as large and as many epochs, for example, there are only an eighth as many updates, so more than the batch size is compared, and each side needs a learning rate tuned for it;
# - the result: how large the difference is, and its error;
# - the conclusion: better, worse, or no difference seen.
#
# "No difference seen" is a very frequent conclusion, and a good one: it saves work later. It doesn't mean "no difference", only that this many seeds can't show one.
# The hypothesis must be in the file *before* the result: the program only adds to the log and never changes it, so a prediction isn't quietly replaced once the result is known.
# %% [markdown] lang="zh"
# ### 练习 · 做一个实验 · 20 分钟
# 对每个种子训练两次：`args` 和改动之后的，两边都把字段 `seed` 换成这个种子；`train` 给出分数，越高越好。返回 `compare_seeds` 的两个数：改动减原来。
# - *第一次训练之前*，记一条 `{"hypothesis": …, "change": …}`；全部训练之后，记一条 `{"result": [mean, error], "conclusion": …}`，里面是均值、标准误差和结论。一共两条。
# - 结论：均值大于两个标准误差，`"better"`；小于负的两个标准误差，`"worse"`；否则 `"no difference seen"`。
# - 假设为空，或者只有空白，报 `ValueError`；改动里的名字不是字段，也一样；两者都在训练和记录*之前*。
# - `seeds` 可能只能遍历一遍，也要能用；训练的先后顺序随意。种子各不相同，至少两个；`change` 里没有 `seed`。
#
# 例如分数依次高 1 和 3，返回 `(2.0, 1.0)`，结论是 `"no difference seen"`：2 没有*超过*两个标准误差。
# %% [markdown] lang="en"
# ### Exercise · an experiment · 20 min
# Train twice for each seed: with `args`, and with the change; on both sides the field `seed` is set to that seed; `train` gives the score, the higher, the better. Return the two numbers of `compare_seeds`: changed minus unchanged.
# - *Before the first training* log `{"hypothesis": …, "change": …}`; after all of them log `{"result": [mean, error], "conclusion": …}`, with the mean, the standard error and the conclusion. That makes two records.
# - The conclusion: `"better"` where the mean is above two standard errors, `"worse"` where it is below minus two, else `"no difference seen"`.
# - A hypothesis that is empty, or only white space, raises `ValueError`; so does a name in the change that is no field; both *before* anything is trained or logged.
# - `seeds` may be something that can be walked only once; the order of the trainings is free. Seeds are all different, two at least; `change` never has `seed`.
#
# If the scores are higher by 1 and 3, for example, `(2.0, 1.0)` is returned, and the conclusion is `"no difference seen"`: 2 isn't *above* two standard errors.
# %% exercise="run_experiment" difficulty=3 importance=5 minutes=20
def run_experiment(
    train: Callable[[Any], float],
    args: Any,
    change: Mapping[str, Any],
    hypothesis: str,
    seeds: Iterable[int],
    log: Any,
) -> tuple[float, float]:
    """The mean difference that `change` makes, and its standard error; hypothesis first, conclusion last, in the log."""
    # solution
    changed = update_args(args, change)
    if not hypothesis.strip():
        raise ValueError("run_experiment: the hypothesis is empty: write what you expect, and why, before you look")
    log.log({"hypothesis": hypothesis, "change": dict(change)})
    seeds = list(seeds)
    before, after = ({s: train(update_args(a, {"seed": s})) for s in seeds} for a in (args, changed))
    mean, error = compare_seeds(before, after)
    words = "better" if mean > 2 * error else "worse" if mean < -2 * error else "no difference seen"
    log.log({"result": [mean, error], "conclusion": words})
    return mean, error


if __name__ == "__main__":
    notebook, needed = None, (run_experiment, compare_seeds, update_args, RunLog, read_log)
    if scores and all(getattr(tests, f"test_{one.__name__}")(one) for one in needed):
        notebook = run_folder("notebook") / "log.jsonl"
        beliefs = {  # your own: change them before you run this
            "clipping barely matters: AdamW divides by the gradient's size anyway": {"max_norm": math.inf},
            "a body that knows other digits beats random weights": {"pretrained": False},
        }
        with RunLog(notebook) as log:
            for hypothesis, change in beliefs.items():
                run_experiment(val_accuracy, FinetuneArgs(), change, hypothesis, range(6), log)
        print(notebook.read_text(encoding="utf-8"))


# %% [markdown] lang="zh" tags=["question"] see="run_experiment"
# 第二个实验的结论是“看不出”：从随机权重出发，12 轮以后看不出比预训练的差。那么预训练没有用，对吗？
# 写下一个新的假设，说明它怎样解释这个结果，又怎样可能被推翻；然后运行下一格。
# %% [markdown] lang="en" tags=["question"] see="run_experiment"
# The second experiment ends in "no difference seen": after 12 epochs, random weights don't look worse than pretrained ones. So pretraining is useless, isn't it?
# Write down a new hypothesis that explains this result and could be refuted; then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 一个可能：预训练只是省*时间*，并不提高最后的成绩；那么训练得短，差别就该很大。
# 下一格用*新的*种子、4 轮来试：随机权重差了很多。假设没有被推翻。
# 意外的结果不是失败：它把“预训练更好”改成了更准的一句话，“训练短的时候，预训练好得多”。
# %% [markdown] lang="en" tags=["answer"]
# One possibility: pretraining saves *time* and doesn't raise the final result; then the difference should be large when training is short.
# The next cell tries it with 4 epochs and *new* seeds: random weights are far worse. The hypothesis isn't refuted.
# A surprising result is no failure: it turned "pretraining is better" into something more exact, "for a short training, pretraining is much better".
# %%
if __name__ == "__main__":
    if notebook is not None:
        with RunLog(notebook) as log:
            belief, short = (
                "pretraining saves time: with 4 epochs, random weights are far worse",
                FinetuneArgs(epochs=4),
            )
            run_experiment(val_accuracy, short, {"pretrained": False}, belief, range(50, 56), log)
        print(read_log(notebook)[-1])


# %% [markdown] lang="zh" tags=["hint"]
# 哪些检查必须在第一次 `log.log` 之前？哪一个你已经写好了，会自己报错？
# %% [markdown] lang="en" tags=["hint"]
# Which checks must come before the first `log.log`? Which of them is written already and raises by itself?
# %% [markdown] lang="zh" tags=["hint"]
# `seeds` 先变成列表，因为两边都要走一遍；`update_args(…, {"seed": seed})` 两边各用一次。
# %% [markdown] lang="en" tags=["hint"]
# Make a list of `seeds` first, since both sides walk it; `update_args(…, {"seed": seed})` is used on each side.
# %% [markdown] lang="zh" tags=["hint"]
# 两个字典，种子对应分数，交给 `compare_seeds`；最后比较均值与 `2 * error`。
# %% [markdown] lang="en" tags=["hint"]
# Two dictionaries from seeds to scores go to `compare_seeds`; at the end compare the mean with `2 * error`.
# %% [markdown] lang="zh" tags=["question"] see="run_experiment"
# 你跑了 6 个种子，“看不出差别”，差是 1.2 个标准误差。还不够。于是加一个种子，看一眼，再加一个，再看，一超过 2 就停下、报告。这样有什么不对？
# %% [markdown] lang="en" tags=["question"] see="run_experiment"
# Six seeds gave "no difference seen", with a difference of 1.2 standard errors. Not enough, so you add one seed, look, add another, look, and stop and report as soon as it is above 2. What is wrong with that?
# %% [markdown] lang="zh" tags=["answer"]
# 差会随机地上下走，多看几次，总有一次碰巧超过 2：每看一眼都是一次误报的机会。
# 种子的个数要在开始前定好，写进假设；或者先用 6 个探路，再用*另外*的种子做正式的一次。
# 可以用上面“误报”那一格验证：从 6 个种子起，每加一个就检查一次，加到 30 个，误报约有 28%；一直加下去，还会更高。
# %% [markdown] lang="en" tags=["answer"]
# The difference wanders at random, and if you look often enough it is above 2 at some moment: each look is one more chance of a false alarm.
# Fix the number of seeds before you start, and write it into the hypothesis; or explore with 6 and run the real experiment with *other* seeds.
# The cell with the false alarms can check it: test with 6 seeds and again after each added one; by 30 seeds, about 28% have raised a false alarm, and it grows with every further look.
# %% [markdown] lang="zh"
# ### 最后才看测试集
#
# 到这里一次也没有用过测试集。定下一个设置（学习率取扫描找到的附近，0.01），用没用过的种子训练，看一次，报告这个数，连同它的误差。
# %% [markdown] lang="en"
# ### The test set, last of all
#
# Until here the test set was never used. Settle on a setting (a learning rate near what the sweep found, 0.01), train with seeds that weren't used yet, look once, and report this number with its error.
# %%
if __name__ == "__main__":
    if scores and tests.test_standard_error(standard_error):
        final = []
        for seed in range(100, 105):
            trainer = Finetuner(FinetuneArgs(lr=1e-2, seed=seed), few)
            while trainer.epoch < trainer.args.epochs:
                trainer.train_epoch()
            final.append(accuracy(trainer.model, test))
        print(f"on the test set: {statistics.fmean(final):.1%} ± {standard_error(final):.1%}, 5 new seeds")


# %% [markdown] lang="zh" tags=["question"] see="standard_error"
# 测试集只有 178 张图。就算种子没有噪声，这个准确率还可能差多少？（正确率 $p$ 在 $n$ 张图上的标准误差是 $\sqrt{p(1-p)/n}$。）
# %% [markdown] lang="en" tags=["question"] see="standard_error"
# The test set has only 178 pictures. Even without any noise of seeds, how far off may this accuracy be? (A share $p$ of $n$ pictures has the standard error $\sqrt{p(1-p)/n}$.)
# %% [markdown] lang="zh" tags=["answer"]
# $p = 0.88$ 时是 $\sqrt{0.88 \cdot 0.12 / 178} \approx 0.024$，也就是 2.4 个百分点，比种子的误差还大。
# 多跑种子减不掉它：每次考的都是同样的 178 题。只有更多的图才行。
# 两个设置在*同样*的图上比，这份运气又是共同的，能抵消一大部分：又一次配对。
# %% [markdown] lang="en" tags=["answer"]
# With $p = 0.88$ it is $\sqrt{0.88 \cdot 0.12 / 178} \approx 0.024$, which is 2.4 points, more than the error from seeds.
# More seeds don't reduce it: each run answers the same 178 questions. Only more pictures would.
# When two settings are compared on the *same* pictures, both share this luck again, and a good part of it cancels: another pairing.
# %% [markdown] lang="zh"
# ## 8 · 这些工具还会回来
#
# `part4_distributed` 把同样的训练分给几个进程，日志只由一个进程来写；检查点在那里更要紧，因为机器多，坏的机会也多。
# 第 5 天训练生成模型，损失不再一路下降，你会更需要会读曲线，以及几个种子。
#
# 合上书，试着说出：日志为什么一行一条、为什么要马上交出去；检查点里缺了哪一样会怎样；为什么先写旁边再改名；六条曲线各是什么病；为什么配对比较省种子；为什么随机搜索常比网格好；假设为什么要写在前面。说不出哪一条，就回到哪一格。
#
# 接着读：Bouthillier 等，*Accounting for Variance in Machine Learning Benchmarks*（英文，2021）：除了种子，还有哪些噪声，各有多大。Karpathy，*A Recipe for Training Neural Networks*（英文，2019）：有经验的人按什么顺序排查；第 4 节的六种病，按它会先查哪一种？
# %% [markdown] lang="en"
# ## 8 · Where these tools come back
#
# `part4_distributed` shares out the same training among several processes, of which one alone writes the log; checkpoints matter more there, since among many machines one fails more often.
# On day 5 you train generative models, whose losses don't simply fall; there you need curves, and several seeds, even more.
#
# Without looking up, try to say: why a log has one line for each record, and why it is flushed; what goes wrong for each thing that a checkpoint lacks; why to write beside and rename; the causes of the six curves; why a paired comparison saves seeds; why random search often beats a grid; why the hypothesis comes first. Whichever you can't say, go back to its cell.
#
# To read on: Bouthillier and others, *Accounting for Variance in Machine Learning Benchmarks* (English, 2021): which noises there are besides seeds, and how large each is. Karpathy, *A Recipe for Training Neural Networks* (English, 2019): in which order somebody with long experience looks for faults; of the six in section 4, which would it check first?
