# %% [markdown] lang="zh" order=3
# # 第 4 天 · 多个进程一起训练
#
# 这一课你让几个进程（真的进程）一起算：先是两个进程之间传一个数，然后是所有进程一起求和，最后写出 `DistTrainer`：几个进程各算一部分数据，结果与一个进程算整批的一样（只差舍入误差），与 PyTorch 的 `DistributedDataParallel` 也一样；死掉一个进程，还能接着训练。
#
# **先修**：`part2_cnns`（模块、训练、`DataLoader`），`part2_resnets` 里的批归一化。
# **时间**：约 3 个半小时；第 4 节之后正好可以休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint shift`，自测用 `coach questions`。
#
# 不需要 GPU：这里用 2 到 4 个 CPU 进程；同一份代码在有 GPU 的机器上用 GPU。
# 各练习共同的规矩：传入的张量是连续的、不求梯度；结果*写进*传入的张量，返回什么不看；`float64` 进来，`float64` 出去，一位不丢；评判时每个函数由 2、3、4 个进程同时调用（个别情形只用 1 个），每个进程都调用它；练习没有说的情形不评判，名字和写法不限。
# %% [markdown] lang="en" order=3
# # Day 4 · training with several processes
#
# In this lesson several processes (real ones) compute together: first two of them pass a number, then all of them compute a sum, and finally you write `DistTrainer`: each process computes a part of the data, the result is (up to rounding) that of one process on the whole batch and that of PyTorch's `DistributedDataParallel`, and when a process dies the training can go on.
#
# **You need** `part2_cnns` (modules, training, `DataLoader`) and batch norm from `part2_resnets`.
# **Time**: about three and a half hours; a good place for a break is after section 4.
# **How to read**: guess first, then run, and only then write. `coach hint shift` helps when you are stuck, `coach questions` asks the self-check.
#
# No GPU is needed: here there are 2 to 4 processes on the CPU, and the same code uses GPUs where there are some.
# Rules that hold for all exercises: tensors that are passed in are contiguous and want no gradient; the result is *written into* the tensor that was passed in, and what you return doesn't matter; `float64` in, `float64` out, with all its digits; to judge a function, 2, 3 and 4 processes (in a few cases one) all call it at the same time; what an exercise doesn't describe isn't judged, and names and ways of writing are free.
# %%
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from jaxtyping import Float
from part2_cnns.solutions import SimpleMLP, accuracy, get_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, DistributedSampler, Sampler

from part4_distributed import figures, ranks, tests

# %% [markdown] lang="zh"
# ## 1 · 进程与 rank
# ### 同一个程序，运行三份
#
# 一块 GPU 上训练要一个月，八块能不能只要四天？要用上八块，就要有八份程序同时跑，并且互相说得上话。
#
# 进程（process）是操作系统里正在运行的一份程序，有自己的内存：别的进程的变量，它看不见，也改不了。
# 分布式训练就是把*同一个程序*运行几份。每一份知道两个数：自己的编号 rank（从 0 数起），和总共几份，也就是进程数（world size）。
# 它们合在一起叫进程组（process group）。程序只有一份，“谁做什么”（用哪块 GPU、拿哪份数据、由谁存档）都由 rank 决定，例如 `if rank == 0`。
# 为什么不用线程（thread）？线程是同一个进程里的几条执行路线，共用内存，看似更省事。
# 但是通常的 Python 有一把锁（GIL），同一时刻只有一个线程能运行 Python 代码：torch 算大张量时会放开锁，在这之间的 Python 代码却只能轮流。而且线程出不了一台机器，进程可以在许多台上。
#
# 下一格里的 `ranks.run(3, introduce, "hello")` 由课程提供：它起三个进程，让它们组成一个进程组，每个都调用 `introduce("hello")`，再把三个返回值按 rank 排好还给你。
# 哪个进程出错，它就结束全部进程，并给你看那个错误。
# `ranks.together` 不报错，而是告诉你每个进程怎样结束；`ranks.bytes_sent` 告诉你每个进程发出多少字节。
# 不用 `ranks.run`，自己用 Python 的 `multiprocessing` 起进程，就要当心：新进程先要导入你的文件（在 Windows 和 macOS 上默认如此），文件最外层的代码就会再运行一遍。
# 所以“起进程”必须写在 `if __name__ == "__main__":` 里，它只在被直接运行的那个进程里成立；不然，子进程一导入，又要起自己的子进程，Python 便报 `RuntimeError`。
# %% [markdown] lang="en"
# ## 1 · Processes and ranks
# ### One program, running three times
#
# Training takes a month on one GPU; can eight do it in four days? For that, eight copies of the program must run at the same time, and be able to talk.
#
# A **process** is a program that the operating system runs, with a memory of its own: it neither sees nor changes the variables of another process.
# To train in a distributed way is to run *the same program* several times. Each copy knows two numbers: its own number, its **rank**, counted from 0, and how many there are, the **world size**.
# Together they are a **process group**. The rank decides who does what (which GPU, which data, who saves), for example in `if rank == 0`.
# Why not a **thread** for each, one of several lines of execution that share one process's memory? It looks easier.
# But ordinary Python has a lock (the GIL): only one thread at a time runs Python code. Torch releases it while it computes with large tensors, but Python code in between has to take turns. And threads stay on one machine, while processes may be on many.
#
# `ranks.run(3, introduce, "hello")` in the next cell comes with the course: it makes three processes, joins them into a process group, lets each call `introduce("hello")`, and gives you the three results in the order of their ranks.
# If one of them fails, all are ended, and you see its error.
# `ranks.together` raises nothing, and tells how each process ended; `ranks.bytes_sent` tells how many bytes each sent.
# Without `ranks.run`, if you make processes yourself by Python's `multiprocessing`, take care: a new process imports your file first (by default on Windows and macOS), which runs the code at its top level once more.
# So what makes processes must stand under `if __name__ == "__main__":`, which is true only in the process that was started with this file; otherwise each child that imports it would start children of its own, and Python raises `RuntimeError`.
# %% [markdown] lang="zh" tags=["question"] see="send_receive"
# 先预测：下一格里 `notes` 是一个列表，三个进程各往里加一个数。运行完之后，这里的 `notes` 是什么？每个进程返回的 `notes` 又是什么？
# %% [markdown] lang="en" tags=["question"] see="send_receive"
# Predict: in the next cell `notes` is a list, and each of three processes appends a number to it. What is `notes` here afterwards? And what is the `notes` that each process returns?
# %% [markdown] lang="zh" tags=["answer"]
# 这里的还是空的；三个返回值是 `[0]`、`[1]`、`[2]`。
# 每个进程有自己的一份 `notes`。很多人以为它们像线程那样共用变量；进程之间*只有*消息，没有共用的变量。
# %% [markdown] lang="en" tags=["answer"]
# Here it is still empty; the three results are `[0]`, `[1]` and `[2]`.
# Each process has a `notes` of its own. Many people think that they share variables, as threads do; between processes there are *only* messages.
# %%
notes: list[int] = []


def introduce(greeting: str) -> list[int]:
    """Says who this process is; returns its notes."""
    rank = dist.get_rank()
    notes.append(rank)
    print(f"{greeting} from rank {rank} of {dist.get_world_size()}, process {os.getpid()}")
    return notes


if __name__ == "__main__":
    print("returned:", ranks.run(3, introduce, "hello"))
    print("here:    ", notes, "in process", os.getpid())


# %% [markdown] lang="zh"
# 再运行一次上一格：三行问候的顺序会变。三个进程各跑各的，谁先谁后没有约定，除非一个要等另一个的消息。
#
# ## 2 · 点对点
# ### 一个发，一个收
#
# 点对点（point-to-point）通信是最小的一种：一个进程发，一个进程收。
# `dist.send(x, 1)` 把 `x` 发给 rank 1；`dist.recv(x, 0)` 等 rank 0 发来的张量，*写进* `x`。
# 收的一方要先备好形状、类型都对的 `x`：消息里只有一串字节，没有形状，也没有类型。
# 备得不对，不一定报错。在 gloo（这里搬数据的库）上试过：`x` 太大，只填前面，后面还是旧的；类型不对，就把同样的二进制位读成别的数，float32 的 1.0 到了 int32 里是 1065353216；`x` 太小，收的进程当场死掉。
#
# 这两个调用都会等：`recv` 等到数来了才返回，`send` 等到对方收了才返回（在我们这里 `send` 总要等；别的库见下一小节）。
# 两个进程、一个数，手算一遍：
#
# | | rank 0 的 `x` | rank 1 的 `x` |
# |---|---|---|
# | 之前 | 7 | 1 |
# | rank 0 `send(x, 1)`，rank 1 `recv(x, 0)` | 7 | 7 |
# %% [markdown] lang="en"
# Run the cell above once more: the order of the three greetings changes. Each process runs on its own, and nothing says who comes first, unless one has to wait for another's message.
#
# ## 2 · Point to point
# ### One sends, one receives
#
# **Point-to-point** communication is the smallest kind: one process sends, one receives.
# `dist.send(x, 1)` sends `x` to rank 1; `dist.recv(x, 0)` waits for a tensor from rank 0, and *writes it into* `x`.
# Whoever receives must have an `x` of the right shape and dtype ready: a message is only a row of bytes.
# If it doesn't fit, there needn't be an error. Tried with gloo, the library that moves the data here: if `x` is too large, only its beginning is filled; with another dtype the same bits are read as other numbers (1.0 in float32 is 1065353216 in int32); and if `x` is too small, the receiving process dies at once.
#
# Both calls wait: `recv` returns when the numbers are there, `send` when the other side has taken them (here `send` always waits for that; on other libraries see below).
# Two processes and one number, by hand:
#
# | | `x` of rank 0 | `x` of rank 1 |
# |---|---|---|
# | before | 7 | 1 |
# | rank 0 `send(x, 1)`, rank 1 `recv(x, 0)` | 7 | 7 |
# %%
def seven() -> float:
    """Rank 0 gives its 7 to rank 1."""
    x = torch.tensor(7.0 if dist.get_rank() == 0 else 1.0)
    if dist.get_rank() == 0:
        dist.send(x, 1)
    else:
        dist.recv(x, 0)
    return x.item()


if __name__ == "__main__":
    print("x of each rank:", ranks.run(2, seven))


# %% [markdown] lang="zh" tags=["question"] see="send_receive"
# rank 0 发出四个 float32 的 1.0，rank 1 准备的 `x` 是两个 float64 的数。会报错吗？`x` 里会是什么？先预测，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="send_receive"
# Rank 0 sends four times 1.0 in float32, and the `x` that rank 1 has ready holds two numbers in float64. Is there an error? What will be in `x`? Predict, then run the next cell.
# %% [markdown] lang="zh" numbers="0.0078" tags=["answer"]
# 不报错：两边都是 16 个字节，正好放得下。可是两个 float32 的位拼成了一个 float64，`x` 里是两个约 0.0078 的数。
# 这种错很难查：程序照常跑，数却不对。所以两边的 `x` 最好由同一行代码造出来。
# %% [markdown] lang="en" numbers="0.0078" tags=["answer"]
# There is no error: both have 16 bytes, and they fit. But the bits of two float32 numbers make one float64, and `x` holds two numbers of about 0.0078.
# Such a mistake is very hard to find: the program runs on, with wrong numbers. So let the same line of code make `x` on both sides.
# %%
def misread() -> list[list[float]]:
    """What rank 1 finds when rank 0 sends four times 1.0, and `x` has another dtype."""
    found = []
    for dtype in (torch.int32, torch.float64):
        x = torch.zeros(16 // dtype.itemsize, dtype=dtype)  # 16 bytes, as many as four of float32
        if dist.get_rank() == 0:
            dist.send(torch.ones(4), 1)
        else:
            dist.recv(x, 0)
        found.append(x.tolist())
    return found


if __name__ == "__main__":
    print("read as int32, and as float64:", ranks.run(2, misread)[1])


# %% [markdown] lang="zh"
# ### 练习 · 从一个到另一个 · 8 分钟
# 所有进程一起调用 `send_receive(x, src, dst)`；之后 rank `dst` 的 `x` 里是 rank `src` 的数，别的进程的 `x` 不变。
# 三个进程的 `x` 是 1、2、3，`src=2`、`dst=0`：之后是 3、2、3。
# - 只有这两个进程通信，一共发一次；其余的什么也不发、不收。
# - `src == dst` 时没有什么要做，一个字节也不发。
# - `x` 可以是任何形状。
# %% [markdown] lang="en"
# ### Exercise · from one to another · 8 min
# All processes call `send_receive(x, src, dst)`; afterwards `x` of rank `dst` holds the numbers of rank `src`, and every other `x` is as it was.
# With three processes whose `x` are 1, 2, 3, and `src=2`, `dst=0`, they are 3, 2, 3 afterwards.
# - Only these two communicate, by one message; the others send and receive nothing.
# - Where `src == dst` there is nothing to do, and not a byte is sent.
# - `x` may have any shape.
# %% exercise="send_receive" difficulty=1 importance=4 minutes=8
def send_receive(x: Float[Tensor, "..."], src: int, dst: int) -> None:
    """Writes what `x` of rank `src` holds into `x` of rank `dst`; every rank calls it."""
    # solution
    rank = dist.get_rank()
    if rank == src != dst:
        dist.send(x, dst)
    elif rank == dst != src:
        dist.recv(x, src)


if __name__ == "__main__":
    tests.test_send_receive(send_receive)


# %% [markdown] lang="zh" tags=["hint"]
# 三种进程：发的、收的、旁观的。`dist.get_rank()` 告诉你自己是哪一种；`src == dst` 时人人都是旁观的。
# %% [markdown] lang="en" tags=["hint"]
# There are three kinds of processes: one sends, one receives, the others look on. `dist.get_rank()` says which one you are; where `src == dst` all look on.
# %% [markdown] lang="zh"
# ### 互相等，就谁也不动
#
# 现在两个进程要*交换*一个数。下一格里两个都先发、再收。
# %% [markdown] lang="en"
# ### Waiting for each other
#
# Now two processes are to *exchange* a number. In the next cell both send first, and then receive.
# %% [markdown] lang="zh" tags=["question"] see="shift"
# 先预测：只有一个数，四个字节；`both_send_first` 会成功吗？
# %% [markdown] lang="en" tags=["question"] see="shift"
# Predict: it is one number, four bytes; does `both_send_first` work?
# %% [markdown] lang="zh" tags=["answer"]
# 不会：两个都停在 `send` 里。rank 0 的那一个等 rank 1 来收，rank 1 的等 rank 0 来收，谁也到不了 `recv`。
# 很多人以为消息会自己排队，先放着就行；有的库对小消息确实这样做，到大消息才卡住，所以不能靠它。
# %% [markdown] lang="en" tags=["answer"]
# No: both are stuck in `send`. Rank 0 waits until rank 1 receives, rank 1 until rank 0 receives, and neither gets to its `recv`.
# Many people think that messages queue up by themselves; some libraries do that with small messages and get stuck with large ones, so don't rely on it.
# %%
def both_send_first() -> None:
    """An exchange that never ends."""
    other = 1 - dist.get_rank()
    mine, theirs = torch.ones(1), torch.zeros(1)
    dist.send(mine, other)
    dist.recv(theirs, other)


if __name__ == "__main__":
    try:
        ranks.run(2, both_send_first)
    except ranks.RankFailed as error:
        print(error)


# %% [markdown] lang="zh"
# 大家互相等，谁也不再前进，叫死锁（deadlock）。到超时为止它不报错，在 gloo 上也不占 CPU，程序只是静静地停着；所以看起来像网络坏了，其实多半是*程序里调用的顺序*不对。
# 有的通信库会把小消息先存起来，`send` 马上返回：四个字节时一切正常，换成 4 MB 存不下，就停住了。所以“试过，没问题”说明不了什么。
# 上面能看到谁停在哪里，是因为 `ranks.run` 替你盯着。自己的训练停住时，这样看：
# - `py-spy dump --pid NUMBER`（另装的小工具；`NUMBER` 是进程号，即 `os.getpid()`，第 1 节打印过）：不结束程序，打印它此刻在哪一行（macOS 上前面要加 `sudo`）。每个进程看一次：谁停在 `recv`，谁根本没走到通信那一行？
# - `faulthandler.dump_traceback_later(60)`（Python 自带）：写在程序开头，60 秒后每个进程打印自己在哪一行。
# - `dist.init_process_group(…, timeout=timedelta(seconds=60))`（进程用它加入进程组，见第 6 节）：等多久就报错；不写时 gloo 等 30 分钟，nccl 等 10 分钟。测试里几秒就够；训练里有时该等几分钟（例如 rank 0 在存档）；设得太短，正常的训练也会被当成停住而报错。
# - 环境变量（environment variable，启动程序时从外面交给它的名字和值，在 Python 里是 `os.environ`）`TORCH_DISTRIBUTED_DEBUG=DETAIL`：各进程一起做的通信（下一节）对不上时，报错里写明谁在做什么。
#
# 办法之一：rank 是偶数的先发后收，奇数的先收后发。
# 3 个围成一圈、都发给右邻，它也行得通。2 和 0 先发，1 先收，收到 0 的；0 发完，收 2 的；2 发完，收 1 的。
# 死锁要*一整圈*的人都在等；只要有一个先收，就一个接一个地动起来，慢一些而已。
# 办法之二更通用：不等。
# `dist.isend` 和 `dist.irecv` 马上返回一个请求（request），通信在后台进行；对请求调用 `wait()`，才等它完成。
# 两件事都先登记，再等：谁也不堵着谁。`wait()` 之前不能动那个张量：收的还没有到，发的可能还没有走。
# %% [markdown] lang="en"
# When all wait for each other and nobody gets any further, that is a **deadlock**. It raises no error before the timeout and, with gloo, uses no CPU; so it looks like a broken network, but mostly the *order of calls* in the program is wrong.
# Some libraries store small messages, and `send` returns at once: with four bytes all is well, with 4 MB there is no room, and it hangs. So "I tried it, and it works" proves nothing.
# You saw above who waits where because `ranks.run` watches for you. When your own training hangs, look in these ways:
# - `py-spy dump --pid NUMBER` (a small tool, to be installed; `NUMBER` is the number of the process, `os.getpid()`, as printed in section 1): prints the line that a process is at, without ending it (on macOS with `sudo`). Look at each of them: which one waits in `recv`, and which one never got to the communication?
# - `faulthandler.dump_traceback_later(60)` (in Python): put it at the beginning, and after 60 seconds every process prints where it is.
# - `dist.init_process_group(…, timeout=timedelta(seconds=60))` (with which a process joins its group, see section 6): how long a process waits before it gets an error; by default 30 minutes on gloo and 10 on nccl. In tests seconds will do; in training some rightly wait for minutes (while rank 0 saves), and too short a timeout ends a healthy run.
# - The **environment variable** (a name with a value that a program is given from outside when it starts; in Python they are `os.environ`) `TORCH_DISTRIBUTED_DEBUG=DETAIL`: where the joint communications (next section) of the processes don't match, the error says who does what.
#
# One way out: even ranks send first and odd ranks receive first.
# It even works in a circle of 3 where all send to the right. Ranks 2 and 0 send first, and 1 receives first, from 0; then 0 is free to receive from 2, and then 2 from 1.
# A deadlock needs the *whole circle* to wait; if one receives first, all get through one after the other, only more slowly.
# The other way is more general: don't wait.
# `dist.isend` and `dist.irecv` return a **request** at once, and the communication goes on in the background; `wait()` of a request waits until it is done.
# Start both, and then wait: nobody blocks anybody. Don't touch the tensor before `wait()`: what you receive isn't there yet, what you send may not have left.
# %% [markdown] lang="zh"
# ### 练习 · 传给右邻 · 12 分钟
# 把进程想成围成一圈：rank $r$ 的右邻是 $r + 1$，最后一个的右邻是 0。
# 所有进程一起调用 `shift(outgoing, incoming)`：把 `outgoing` 发给右邻，把左邻发来的写进 `incoming`。
# 三个进程发出 1、2、3，之后三个 `incoming` 是 3、1、2。
# - 每个进程的 `outgoing` 大小可以不同，也可以一个数都没有；`incoming` 总是与左邻的 `outgoing` 同样大小。
# - 返回之前一切都要完成：每个请求都要 `wait()`。
# - `outgoing` 不变；至少有两个进程。
# - 只用点对点的调用：`send`、`recv`、`isend`、`irecv`、`batch_isend_irecv`（一次登记几件事：`dist.batch_isend_irecv([dist.P2POp(dist.isend, x, 1), …])`，返回请求的列表；在 GPU 上最好用它）。
# %% [markdown] lang="en"
# ### Exercise · to the right · 12 min
# Think of the processes as a circle: the right neighbour of rank $r$ is $r + 1$, that of the last one is 0.
# All processes call `shift(outgoing, incoming)`: send `outgoing` to the right, and write what comes from the left into `incoming`.
# When three processes send 1, 2, 3, the three `incoming` are 3, 1, 2 afterwards.
# - The sizes of `outgoing` may differ from process to process, and be 0; `incoming` always has the size of the left neighbour's `outgoing`.
# - All must be done when you return: `wait()` for each request.
# - `outgoing` stays as it is; there are at least two processes.
# - Only point-to-point calls: `send`, `recv`, `isend`, `irecv`, `batch_isend_irecv` (which starts several at once, `dist.batch_isend_irecv([dist.P2POp(dist.isend, x, 1), …])`, and returns the list of requests; on GPUs it is the best choice).
# %% exercise="shift" difficulty=2 importance=5 minutes=12
def shift(outgoing: Float[Tensor, "..."], incoming: Float[Tensor, "..."]) -> None:
    """Sends `outgoing` to the right, and writes what comes from the left into `incoming`."""
    # solution
    rank, size = dist.get_rank(), dist.get_world_size()
    to_the_right = dist.P2POp(dist.isend, outgoing, (rank + 1) % size)
    from_the_left = dist.P2POp(dist.irecv, incoming, (rank - 1) % size)
    for request in dist.batch_isend_irecv([to_the_right, from_the_left]):
        request.wait()


if __name__ == "__main__":
    tests.test_shift(shift)


# %% [markdown] lang="zh" tags=["hint"]
# 如果每个进程都先 `send`，会怎样？哪两个调用不等？
# %% [markdown] lang="en" tags=["hint"]
# What happens if each process begins with `send`? Which two calls don't wait?
# %% [markdown] lang="zh" tags=["hint"]
# 邻居的编号要绕回来：对进程数取余数，负数也一样。两个请求都拿到以后，再逐个 `wait()`。
# %% [markdown] lang="en" tags=["hint"]
# The neighbour's number goes round: take the remainder by the world size, which works for a negative number too. Get both requests first, then `wait()` for each.
# %% [markdown] lang="zh" numbers="18 6"
# ## 3 · 集合通信
# ### 三种，一张表
#
# 组里每个进程都参加的通信叫集合通信（collective）。规矩是：每个进程都要调用，顺序相同，张量的大小和类型也相同；少一个，其余的就一直等到超时。
# 写成 `if rank == 0: dist.all_reduce(x)`，就只有 rank 0 一个在等。
# 三个进程，`x` 是 3、5、10：
#
# | | rank 0 | rank 1 | rank 2 |
# |---|---|---|---|
# | 之前 | 3 | 5 | 10 |
# | 从 0 播出（broadcast） | 3 | 3 | 3 |
# | 归约（reduce）到 0，求和 | 18 | 5 | 10 |
# | 归约到 0，求平均 | 6 | 5 | 10 |
# | 全归约（all-reduce），求和 | 18 | 18 | 18 |
#
# 播出把一个进程的数交给所有进程（与张量形状的“广播”没有关系）。
# 归约把所有进程的数合成一个，放在一个进程里；全归约让每个进程都得到它。训练里最要紧的是最后一种：大家的梯度加起来，人人都要。
# 下一格用 torch 的函数。`dist.reduce` 之后，别的 rank 的 `x` 里是什么，torch 没有约定，所以只打印 rank 0 的；我们自己的 `reduce` 要求它们不变。
# %% [markdown] lang="en" numbers="18 6"
# ## 3 · Collectives
# ### Three of them in a table
#
# A communication in which every process of the group takes part is a **collective**. The rule: every process calls it, all in the same order and with tensors of the same size and dtype; if one is missing, the others wait until the timeout.
# With `if rank == 0: dist.all_reduce(x)` rank 0 waits alone.
# Three processes, whose `x` are 3, 5, 10:
#
# | | rank 0 | rank 1 | rank 2 |
# |---|---|---|---|
# | before | 3 | 5 | 10 |
# | **broadcast** from 0 | 3 | 3 | 3 |
# | **reduce** to 0, sum | 18 | 5 | 10 |
# | reduce to 0, mean | 6 | 5 | 10 |
# | **all-reduce**, sum | 18 | 18 | 18 |
#
# A broadcast gives all processes what one of them holds (it has nothing to do with the broadcasting of shapes).
# To reduce is to combine the numbers of all processes into one, in one process; an all-reduce gives it to every process. For training the last one matters most: the gradients of all are summed, and all need them.
# The next cell uses torch's functions. After `dist.reduce` torch promises nothing about `x` of the other ranks, so only that of rank 0 is printed; our own `reduce` leaves them as they were.
# %%
def three_collectives() -> list[float]:
    """One number of each rank, after each of torch's collectives."""
    found = []
    for collective in (
        lambda x: dist.broadcast(x, 0),
        lambda x: dist.reduce(x, 0),  # the sum, by default
        lambda x: dist.all_reduce(x),
    ):
        x = torch.tensor([3.0, 5.0, 10.0][dist.get_rank()])
        collective(x)
        found.append(x.item())
    return found


if __name__ == "__main__":
    by_rank = ranks.run(3, three_collectives)
    for i, name in enumerate(("broadcast", "reduce, in rank 0", "all-reduce")):
        values = [int(found[i]) for found in by_rank]
        print(f"{name}:", values[:1] if i == 1 else values)
    print("mean:", by_rank[0][1] / 3)


# %% [markdown] lang="zh" numbers="7 3 10"
# ### 一个一个发，还是像树一样
#
# rank 0 要把 `x` 给其余 7 个。一个一个发，要 7 轮，后面的都在等。
# 换一种：第一轮 0 发给 1；第二轮 0 发给 2，*同时* 1 发给 3；第三轮四个有的各发给一个没有的。
# 有 `x` 的进程每轮翻一倍：8 个进程只要 3 轮，1024 个只要 10 轮。这叫树（tree）：从根往外分叉。
# %% [markdown] lang="en" numbers="7 3 10"
# ### One after the other, or as a tree
#
# Rank 0 has to give `x` to 7 others. One after the other, this takes 7 rounds, and most processes wait.
# Another way: in round one 0 sends to 1; in round two 0 sends to 2 *while* 1 sends to 3; in round three the four that have it send to the four that don't.
# The number of those who have `x` doubles in each round: 3 rounds are enough for 8 processes, and 10 for 1024. This is a **tree**, which branches out from its root.
# %%
if __name__ == "__main__":
    for n in (2, 8, 1024):
        print(f"{n} processes: one after the other {n - 1} rounds, as a tree {math.ceil(math.log2(n))}")


# %% [markdown] lang="zh"
# ### 练习 · 播出 · 15 分钟
# 所有进程一起调用 `broadcast(x, src)`；之后每个进程的 `x` 都是 rank `src` 的。
# 三个进程的 `x` 是 3、5、10，`src=1`：之后都是 5。
# - `src` 默认是 0，可以是任何一个 rank。
# - 只用点对点的调用。由 `src` 一个一个发是对的；像树一样发更好，轮数不评判。
# - `x` 可以是任何形状，这里也可以是整数。
# %% [markdown] lang="en"
# ### Exercise · broadcast · 15 min
# All processes call `broadcast(x, src)`; afterwards `x` of every process is that of rank `src`.
# With three processes whose `x` are 3, 5, 10, and `src=1`, all are 5 afterwards.
# - `src` is 0 by default, and may be any rank.
# - Only point-to-point calls. Sending from `src` to one after the other is right; a tree is better, but rounds aren't judged.
# - `x` may have any shape, and here it may hold integers as well.
# %% exercise="broadcast" difficulty=3 importance=4 minutes=15
def broadcast(x: Tensor, src: int = 0) -> None:
    """Writes what `x` of rank `src` holds into `x` of every rank."""
    # solution
    size, reached = dist.get_world_size(), 1
    place = (dist.get_rank() - src) % size  # as if `src` were 0
    while reached < size:
        if place < reached and place + reached < size:
            dist.send(x, (place + reached + src) % size)
        elif reached <= place < 2 * reached:
            dist.recv(x, (place - reached + src) % size)
        reached *= 2


if __name__ == "__main__":
    tests.test_broadcast(broadcast)


# %% [markdown] lang="zh" tags=["hint"]
# 先写简单的：rank `src` 做什么？其余每个做什么？
# %% [markdown] lang="en" tags=["hint"]
# Begin with the simple way: what does rank `src` do, and what does each of the others?
# %% [markdown] lang="zh" tags=["hint"]
# 想写成树：先假定 `src` 是 0，`reached` 个进程已经有了 `x`；编号是 `place` 的，这一轮该发、该收，还是旁观？`src` 不是 0 时，编号减去 `src` 再取余数。
# %% [markdown] lang="en" tags=["hint"]
# For the tree, suppose that `src` is 0 and that `reached` processes have `x`: does the one at `place` send, receive or look on in this round? If `src` isn't 0, subtract `src` from the rank and take the remainder.
# %% [markdown] lang="zh"
# ### 练习 · 归约 · 12 分钟
# 所有进程一起调用 `reduce(x, dst, op)`；之后 rank `dst` 的 `x` 是所有进程的 `x` 之和（`op="sum"`，默认）或平均（`op="mean"`），其余进程的 `x` 不变。
# 三个进程的 `x` 是 3、5、10，`dst=0`：之后是 18、5、10；求平均则是 6、5、10。
# - `dst` 默认是 0。
# - 别的 `op` 在每个进程里都抛出 `ValueError`，什么也不发。下一格的 `check_op` 可以用，评判时也在。
# - 只用点对点的调用。
# %% [markdown] lang="en"
# ### Exercise · reduce · 12 min
# All processes call `reduce(x, dst, op)`; afterwards `x` of rank `dst` is the sum of all processes' `x` (`op="sum"`, the default), or their mean (`op="mean"`), and every other `x` is as it was.
# With three processes whose `x` are 3, 5, 10, and `dst=0`, they are 18, 5, 10 afterwards; for the mean 6, 5, 10.
# - `dst` is 0 by default.
# - Any other `op` raises `ValueError` in every process, and nothing is sent. You may use `check_op` of the next cell; it is there when you are judged.
# - Only point-to-point calls.
# %%
def check_op(op: str) -> None:
    """Raises `ValueError` for what is neither "sum" nor "mean"."""
    if op not in ("sum", "mean"):
        raise ValueError(f"op={op!r}: there are 'sum' and 'mean'")


# %% exercise="reduce" difficulty=2 importance=4 minutes=12
def reduce(x: Float[Tensor, "..."], dst: int = 0, op: str = "sum") -> None:
    """Writes the sum or the mean of all ranks' `x` into `x` of rank `dst`."""
    # solution
    check_op(op)
    if dist.get_rank() != dst:
        dist.send(x, dst)
        return
    part = torch.empty_like(x)
    for other in set(range(dist.get_world_size())) - {dst}:
        dist.recv(part, other)
        x += part
    if op == "mean":
        x /= dist.get_world_size()


if __name__ == "__main__":
    tests.test_reduce(reduce)


# %% [markdown] lang="zh" tags=["hint"]
# 收来的数放在哪里？直接收进 `x`，rank `dst` 自己的数就没了。
# %% [markdown] lang="en" tags=["hint"]
# Where do you put what you receive? Received into `x` itself, it would destroy the numbers of rank `dst`.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.empty_like(x)` 备一个同样大的；`x += part` 就地相加。`x = x + part` 只是让名字 `x` 指向一个新张量，调用者的张量没有变。
# %% [markdown] lang="en" tags=["hint"]
# `torch.empty_like(x)` makes one of the same size; `x += part` adds in place. `x = x + part` only lets the name `x` stand for a new tensor, and the caller's tensor stays as it was.
# %% [markdown] lang="zh"
# ### 练习 · 全归约，最简单的 · 8 分钟
# 所有进程一起调用 `all_reduce(x, op)`；之后每个进程的 `x` 都是所有进程的和（或平均）。
# 三个进程的 `x` 是 3、5、10：之后都是 18，或者 6。
# - `op` 与 `reduce` 相同，别的 `op` 同样抛出 `ValueError`。
# - 只用点对点的调用，或你自己写的函数。
# %% [markdown] lang="en"
# ### Exercise · all-reduce, the simplest way · 8 min
# All processes call `all_reduce(x, op)`; afterwards `x` of every process is the sum (or the mean) of all.
# With three processes whose `x` are 3, 5, 10, all are 18 afterwards, or 6.
# - `op` is as in `reduce`, and any other `op` raises `ValueError` in the same way.
# - Only point-to-point calls, or functions that you wrote.
# %% exercise="all_reduce" difficulty=1 importance=4 minutes=8
def all_reduce(x: Float[Tensor, "..."], op: str = "sum") -> None:
    """Writes the sum or the mean of all ranks' `x` into `x` of every rank."""
    # solution
    reduce(x, 0, op)
    broadcast(x, 0)


if __name__ == "__main__":
    if tests.test_all_reduce(all_reduce):
        for n in (2, 3, 4):
            sent = ranks.bytes_sent(n, all_reduce, torch.ones(1200))
            print(f"{n} ranks, {1200 * 4} bytes each: every rank sends", sent)


# %% [markdown] lang="zh" tags=["hint"]
# 你已经有两个函数：一个把和放到 rank 0，一个把 rank 0 的给大家。
# %% [markdown] lang="en" tags=["hint"]
# You have two functions: one puts the sum into rank 0, the other gives everybody what rank 0 has.


# %% [markdown] lang="zh" numbers="4800 9600"
# 看打印出来的字节数：每个进程的张量是 4800 字节，3 个进程时 rank 0 要发 9600。
# 它还要收同样多，别人都在等它：进程越多，rank 0 越忙。这就是下一节要解决的。
#
# **读物**：PyTorch 教程 *Writing Distributed Applications with PyTorch*（英文）把 `torch.distributed` 的每一种通信都写成了小程序。读时想：它的 `allreduce` 与下一节的环差在哪里？
# %% [markdown] lang="en" numbers="4800 9600"
# Look at the bytes printed: the tensor of each process has 4800 bytes, and with 3 processes rank 0 sends 9600.
# It receives as much, and the others wait for it: the more processes, the busier rank 0. The next section solves this.
#
# **Reading**: PyTorch's tutorial *Writing Distributed Applications with PyTorch* (in English) has a small program for every kind of communication in `torch.distributed`. While you read: how does its `allreduce` differ from the ring of the next section?
# %%
if __name__ == "__main__":
    for n in (2, 3, 4):
        print(f"{n} ranks: from rank 0 to each other one, tensors of 4800 bytes make {(n - 1) * 4800}")


# %% [markdown] lang="zh"
# ## 4 · 环
# ### 没有一个进程比别人忙
#
# 一千块 GPU，每块的梯度 1 GB。全由 rank 0 收齐、相加、再发出去，它自己就要收 999 GB；别的 999 块看着。
# 办法是把活儿平分：张量切成 $n$ 块（chunk），每个进程负责*加好一块*；大家围成一个环（ring），每一步每个进程都只发一块给右邻，同时从左邻收一块。
#
# 三个进程，每个三块，每块一个数，手算一遍。
# 每行里加粗的，是*下一步*要发给右邻的那一块。前两步，收到的数*加到*自己的同一块上；后两步，收到的数*盖掉*自己的同一块。
#
# | | rank 0 | rank 1 | rank 2 |
# |---|---|---|---|
# | 之前 | **1**, 2, 3 | 10, **20**, 30 | 100, 200, **300** |
# | 第 1 步之后 | 1, 2, **303** | **11**, 20, 30 | 100, **220**, 300 |
# | 第 2 步之后 | 1, **222**, 303 | 11, 20, **333** | **111**, 220, 300 |
# | 第 3 步之后 | **111**, 222, 303 | 11, **222**, 333 | 111, 220, **333** |
# | 第 4 步之后 | 111, 222, 333 | 111, 222, 333 | 111, 222, 333 |
#
# 看第 2 步之后：每个进程正好有一块加齐了（222、333、111）。这前一半叫归约散发（reduce-scatter）。
# 后一半把加齐的块再传一圈，叫全收集（all-gather）。
# 各块合并的先后和分组都不同，所以只有与先后、分组都无关的运算（满足交换律和结合律）才能这样做：和、积、最大值都行；中位数不行，几份的中位数拼不出全体的中位数。
# 把 $2(n-1)$ 步连着从 0 数起（表里的第 1 步是 $s = 0$）。第 $s$ 步，rank $r$ 发第 $r - s$ 块，收第 $r - s - 1$ 块，都对 $n$ 取余数（Python 的 `-1 % 3` 是 2）；$s < n - 1$ 时加上，之后盖掉。
# 求平均，只在块加齐之后除一次：若每一步都除，$((1 + 10)/3 + 100)/3$，先加的就被除了两次。
# 整数张量里放不下 7/3 这样的平均：对它写 `x /= 3`，torch 报错；要平均，先变成浮点数。
# %% [markdown] lang="en"
# ## 4 · The ring
# ### No process is busier than the others
#
# A thousand GPUs with gradients of 1 GB each: if rank 0 receives all, adds, and sends the sum back, it receives 999 GB, and the other 999 look on.
# The solution is to share the work: cut the tensor into $n$ **chunks**, and let each process finish *one of the sums*; all stand in a **ring**, and in each step every process sends just one chunk to its right, and receives one from its left.
#
# Three processes with three chunks of one number each, by hand.
# In each row the bold chunk is the one that goes to the right in the *next* step. In the first two steps what comes in is *added* to the same chunk here; in the last two it *replaces* it.
#
# | | rank 0 | rank 1 | rank 2 |
# |---|---|---|---|
# | before | **1**, 2, 3 | 10, **20**, 30 | 100, 200, **300** |
# | after step 1 | 1, 2, **303** | **11**, 20, 30 | 100, **220**, 300 |
# | after step 2 | 1, **222**, 303 | 11, 20, **333** | **111**, 220, 300 |
# | after step 3 | **111**, 222, 303 | 11, **222**, 333 | 111, 220, **333** |
# | after step 4 | 111, 222, 333 | 111, 222, 333 | 111, 222, 333 |
#
# Look at what is there after step 2: each process has exactly one finished sum (222, 333, 111). This first half is called **reduce-scatter**.
# The second half passes the finished chunks round once more, and is called **all-gather**.
# Each chunk is combined in another order and grouping, so the ring suits operations for which neither matters (commutative and associative ones), such as sum, product and maximum; not the median: medians of parts don't give the median of all.
# Count the $2(n-1)$ steps from 0 (step 1 of the table is $s = 0$). In step $s$ rank $r$ sends chunk $r - s$ and receives chunk $r - s - 1$, both as remainders by $n$ (in Python `-1 % 3` is 2); while $s < n - 1$ it adds, after that it replaces.
# For the mean divide once, when the sum of a chunk is complete: with a division in each step, $((1 + 10)/3 + 100)/3$, the first numbers are divided twice.
# An integer tensor can't hold a mean such as 7/3, and `x /= 3` raises an error: convert it to floats first.
# %%
if __name__ == "__main__":
    values = [[1, 2, 3], [10, 20, 30], [100, 200, 300]]
    for step, state in enumerate(figures.ring_states(values)):
        print("before      " if step == 0 else f"after step {step}", state)
    print(f"mean {(1 + 10 + 100) / 3:.1f}; divided in each step {((1 + 10) / 3 + 100) / 3:.1f}")
    try:
        x = torch.tensor([7, 8])
        x /= 3
    except RuntimeError as error:
        print("integers:", error)
    figures.ring(values).show()


# %% [markdown] lang="zh" tags=["question"] see="ring_all_reduce"
# 先预测：一个进程总共发出多少个“整张量”？4 个进程时多少，1000 个进程时又是多少？
# %% [markdown] lang="en" tags=["question"] see="ring_all_reduce"
# Predict: how many whole tensors does one process send altogether? How many with 4 processes, and how many with 1000?
# %% [markdown] lang="zh" tags=["answer"]
# $2(n-1)$ 步，每步 $1/n$：共 $2(n-1)/n$。4 个进程是 1.5 个，1000 个是 1.998 个。
# 多数人猜它随 $n$ 增长；其实它永远不到 2。
# %% [markdown] lang="en" tags=["answer"]
# There are $2(n-1)$ steps of $1/n$ each: $2(n-1)/n$ altogether. That is 1.5 with 4 processes, and 1.998 with 1000.
# Most people guess that it grows with $n$; it never reaches 2.
# %% [markdown] lang="zh" numbers="1.5 1.998 2046 20"
# ### 多少字节，多少步
#
# 在环里，每个进程发 $2(n-1)/n$ 个张量：4 个进程是 1.5，1000 个是 1.998，几乎与 $n$ 无关。
# 由 rank 0 集中的办法，rank 0 要收 $n - 1$ 个；发出去又是 $n - 1$ 个（用树也要 $\log_2 n$ 个，取上整）。
# 环的字节数几乎是最少的：每个进程的每个数都要进到和里，和又要回到每个进程。
#
# 常见的误会是“环总是更快”。下一格数一数先后有几步：1024 个进程，环是 2046 步，树（上去一趟，下来一趟）是 20 步。
# 每一步，再小的消息也要花一点固定的时间，叫延迟（latency）；张量小，延迟就是全部，树更快。
# 张量大，时间花在字节上，看的是每秒能走多少字节，叫带宽（bandwidth）；这时环更快。所以实际的库按大小选办法。
# 在课程的文件夹里运行 `python benchmarks/all_reduce.py --quick`，在你自己的机器上量一量：`rank 0 / ring` 一列是由 rank 0 集中的时间除以环的时间，小于 1 就是环更慢。
# 不要惊讶：在*一台*机器上，环多半更慢。那里没有各走各的线路，所有进程共用 CPU 的几个核心（core，各自能算的一份）和一份内存；总的字节数都一样，步数却是环的多。
# %% [markdown] lang="en" numbers="1.5 1.998 2046 20"
# ### How many bytes, how many steps
#
# In a ring every process sends $2(n-1)/n$ tensors: 1.5 with 4 processes and 1.998 with 1000, nearly the same for every $n$.
# If everything goes through rank 0, it receives $n - 1$ tensors, and sends $n - 1$ more (if it sends by a tree, still $\log_2 n$, rounded up).
# It can hardly be less than in the ring: every number of every process goes into the sum, and the sum comes back to each.
#
# Many people think that the ring is always faster. The next cell counts the steps that come one after the other: with 1024 processes the ring takes 2046, a tree (once up, once down) 20.
# Every step costs a fixed time, however small the message: the **latency**. For a small tensor the latency is all, and the tree is faster.
# For a large one the bytes take the time, and what counts is how many pass in a second, the **bandwidth**; then the ring is faster. So real libraries choose by size.
# Measure it on your machine with `python benchmarks/all_reduce.py --quick`, in the course's folder: the column `rank 0 / ring` is the time through rank 0 divided by that of the ring, so below 1 the ring is slower.
# On *one* machine the ring is mostly slower: there are no separate lines, all processes share one memory and a few **cores** (parts of a CPU that compute on their own); the total of bytes is the same, and the ring has more steps.
# %%
if __name__ == "__main__":
    for n in (2, 4, 1000, 1024):
        tree = 2 * math.ceil(math.log2(n))
        print(f"{n} ranks: {2 * (n - 1) / n:.3f} tensors sent by each; steps: ring {2 * (n - 1)}, tree {tree}")
    figures.traffic().show()


# %% [markdown] lang="zh"
# ### 练习 · 切成几块 · 6 分钟
# 7 个数切成 3 块：3、2、2。不能整除时，多出来的从前往后一块给一个。
# 所以在环里，收进来的块与发出去的块大小可能不同：接收用的张量，要按收进来的那一块准备。
# `chunk_sizes(numel, world_size)` 返回各块大小的列表：`chunk_sizes(7, 3)` 是 `[3, 2, 2]`，`chunk_sizes(2, 4)` 是 `[1, 1, 0, 0]`，`numel` 是 0 就全是 0。
# %% [markdown] lang="en"
# ### Exercise · cutting into chunks · 6 min
# 7 numbers in 3 chunks are 3, 2 and 2. What is left over when it doesn't divide goes to the first chunks, one to each.
# So in the ring the chunk that comes in may have another size than the one that goes out: the tensor to receive into must have the size of what comes in.
# `chunk_sizes(numel, world_size)` returns the list of sizes: `chunk_sizes(7, 3)` is `[3, 2, 2]`, `chunk_sizes(2, 4)` is `[1, 1, 0, 0]`, and for a `numel` of 0 all are 0.
# %% exercise="chunk_sizes" difficulty=1 importance=3 minutes=6
def chunk_sizes(numel: int, world_size: int) -> list[int]:
    """The sizes of `world_size` chunks of `numel` numbers; they differ by 1 at most, the larger ones come first."""
    # solution
    size, more = divmod(numel, world_size)
    return [size + (i < more) for i in range(world_size)]


if __name__ == "__main__":
    tests.test_chunk_sizes(chunk_sizes)


# %% [markdown] lang="zh" tags=["hint"]
# 整除的商是每块至少有几个；余数是有几块多一个。`divmod` 一次给出两者。
# %% [markdown] lang="en" tags=["hint"]
# The quotient is what every chunk has at least, the remainder is how many chunks get one more. `divmod` gives both.
# %% [markdown] lang="zh"
# ### 练习 · 环上的全归约 · 25 分钟
# `ring_all_reduce(x, op)` 与 `all_reduce` 结果相同，但是走环：
# - 每个进程只发给右邻，只从左邻收；总共最多发 $2(n-1)$ 块，一块最多有 $\lceil \text{numel}/n \rceil$ 个数（$\text{numel}$ 是 `x` 里数的个数，半括号是取上整）。评判时会统计发出的字节数。
# - `x` 可以是任何形状，也可以是 0 个或 1 个数：那时有的块是空的，空的块发不发都行。
# - `op` 与 `reduce` 相同。
# - 只用点对点的调用；可以用 `shift` 和 `chunk_sizes`（你自己写的）。
# - 各块相加的先后与从 rank 0 逐个加起不同，所以与正确的和只要求相等到舍入误差。
#
# 三个进程的 `x` 是上面表里的三行：之后三个都是 `[111, 222, 333]`。
# %% [markdown] lang="en"
# ### Exercise · an all-reduce in a ring · 25 min
# `ring_all_reduce(x, op)` has the result of `all_reduce`, but goes round a ring:
# - Every process sends to its right neighbour only, and receives from its left; it sends at most $2(n-1)$ chunks, each of at most $\lceil \text{numel}/n \rceil$ numbers ($\text{numel}$ is how many numbers `x` has, the half brackets round up). Bytes are counted when you are judged.
# - `x` may have any shape, also with no number or one: then some chunks are empty, and you may send those or not.
# - `op` is as in `reduce`.
# - Only point-to-point calls; `shift` and `chunk_sizes` (your own) may be used.
# - The chunks aren't added up from rank 0 onwards, so they have to agree with the right sum only up to rounding.
#
# With three processes whose `x` are the three rows of the table above, all are `[111, 222, 333]` afterwards.
# %% exercise="ring_all_reduce" difficulty=4 importance=5 minutes=25
def ring_all_reduce(x: Float[Tensor, "..."], op: str = "sum") -> None:
    """Writes the sum or the mean of all ranks' `x` into `x` of every rank; each sends 2(n-1)/n of it."""
    # solution
    check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    chunks = x.view(-1).split(chunk_sizes(x.numel(), size))  # views: what is written into them is written into `x`
    for step in range(2 * (size - 1)):
        outgoing, mine = chunks[(rank - step) % size], chunks[(rank - step - 1) % size]
        incoming = torch.empty_like(mine)
        shift(outgoing, incoming)
        if step < size - 1:
            mine += incoming
        else:
            mine.copy_(incoming)
    if op == "mean":
        x /= size


if __name__ == "__main__":
    if tests.test_ring_all_reduce(ring_all_reduce):
        for n in (2, 3, 4):
            sent = ranks.bytes_sent(n, ring_all_reduce, torch.ones(1200))
            print(f"{n} ranks: {sent} bytes sent; 2(n-1)/n of 4800 is {2 * (n - 1) / n * 4800:.0f}")


# %% [markdown] lang="zh" tags=["hint"]
# `x.view(-1)` 是同一块内存、排成一行；`split(sizes)` 给出的几块也是视图。往视图里写，就是往 `x` 里写。
# %% [markdown] lang="en" tags=["hint"]
# `x.view(-1)` is the same memory as one row, and `split(sizes)` gives views of it. Whatever you write into a view is written into `x`.
# %% [markdown] lang="zh" tags=["hint"]
# 照着表，写出 rank 0 在四步里发哪块、收哪块；再对照公式。哪些步加，哪些步照抄？
# %% [markdown] lang="en" tags=["hint"]
# From the table, write down which chunk rank 0 sends and which it receives in the four steps; then look at the formula. In which steps do you add, in which do you copy?
# %% [markdown] lang="zh" tags=["hint"]
# 一个循环，$2(n-1)$ 步：取出要发的和要收的两块，备一个与后者同样大的 `incoming`，`shift`，然后 `+=` 或 `copy_`。平均在最后除。
# %% [markdown] lang="en" tags=["hint"]
# One loop of $2(n-1)$ steps: take the two chunks, make an `incoming` as large as the second, `shift`, then `+=` or `copy_`. For the mean divide at the end.
# %% [markdown] lang="zh" tags=["question"] see="ring_all_reduce"
# 每块在环上加的先后不同，浮点加法的先后又影响最后一位。那么 `ring_all_reduce` 之后，各个进程的结果会不会差最后一位？想一想：每一块的和是几个进程算出来的？
# %% [markdown] lang="en" tags=["question"] see="ring_all_reduce"
# The chunks are added in different orders, and the order of floating-point additions changes the last digit. So may the results of the processes differ in the last digit after `ring_all_reduce`? Think: how many processes compute the sum of one chunk?
# %% [markdown] lang="zh" tags=["answer"]
# 不会：每一块的和只在*一个*进程里加齐，然后原样照抄给别人，所以大家一位不差。
# 与一个进程直接相加相比，才可能差最后一位。
# 这很要紧：如果各进程的梯度差最后一位，权重就会慢慢走散。
# %% [markdown] lang="en" tags=["answer"]
# No: the sum of a chunk is finished in *one* process, and then copied as it is, so all have the same digits.
# The last digit may differ only from that of a plain sum in one process.
# This matters: if gradients differed in the last digit from process to process, their weights would slowly drift apart.
# %% [markdown] lang="zh"
# 你现在知道：通信的时间是步数乘延迟加字节除以带宽；环让每个进程发出的字节几乎不随进程数增长。
# 浮点加法看先后：(0.1 + 0.2) + 0.3 是 0.6000000000000001，0.1 + (0.2 + 0.3) 是 0.6。环里每一块只在一个进程里加齐，别人照抄，所以各进程逐位相同；若人人收齐所有张量、各按各的先后加，最后一位就可能不同，每一步差一点，各进程的权重就慢慢走散。
# 从这里起，练习里可以用 `dist.all_reduce` 和 `dist.broadcast`：PyTorch 的与你写的做同样的事，在 GPU 上还快得多。
#
# **读物**：Andrew Gibiansky，*Bringing HPC Techniques to Deep Learning*（英文），把环一步步画了出来，也讲了它从哪里来。读时想：它的图里，第几步之后每块 GPU 正好有一块加齐？
# %% [markdown] lang="en"
# So the time of a communication is steps times latency plus bytes divided by bandwidth; in a ring the bytes that each process sends hardly grow with the number of processes.
# Floating-point sums depend on the order: (0.1 + 0.2) + 0.3 is 0.6000000000000001, 0.1 + (0.2 + 0.3) is 0.6. In the ring each chunk is finished in one process and copied, so all have the same digits; if each process added all tensors in an order of its own, the last digit could differ, and the weights would slowly drift apart.
# From here on exercises may use `dist.all_reduce` and `dist.broadcast`: PyTorch's do what yours do, and on GPUs they are much faster.
#
# **Reading**: Andrew Gibiansky, *Bringing HPC Techniques to Deep Learning* (in English), draws the ring step by step, and tells where it comes from. While you read: after which of its steps does each GPU have exactly one finished chunk?
# %% [markdown] lang="zh" numbers="5 4"
# ## 5 · 数据并行
# ### 两个半批，等于一整批吗？
#
# 数据并行（data parallel）训练：每个进程有同一个模型，各算一批里的*一份*（shard），把梯度求平均，然后各走同样的一步。
# 分的是数据，省的是时间；内存只省下各层输出占的那一部分，整个模型、全部梯度和优化器的状态，每个进程还是都要放得下。模型一块 GPU 装不下时，这个办法帮不上，得把模型本身也切开（见第 6 节末尾）。
# 为什么可以把梯度平均？损失是各个例子的平均，导数又可以逐项取，所以整批的梯度就是每个例子的梯度的平均。
#
# 四个例子的梯度是 2、4、6、8，平均是 5。
# 两个进程各两个：(2 + 4)/2 = 3，(6 + 8)/2 = 7，再平均，还是 5。
# 若是一个进程只有一个，另一个有三个：2 和 (4 + 6 + 8)/3 = 6，再平均，得到 4。
#
# *各份一样大时*，平均的平均才一定等于总平均。各份不一样大，小的那份里，每个例子的分量就重了。
# 补救：把*和*与*个数*各求一次和，再相除：(2 + 18)/(1 + 3) = 5。
# 在 `backward` 之前先把各进程的*损失*平均，代替不了它：`all_reduce` 只换掉一个数，导数传不到别的进程去。
# 各进程求出的，只是自己那份的斜率（3 和 7）的一半：1.5 和 3.5，而不都是 5；权重就越走越远。
# %% [markdown] lang="en" numbers="5 4"
# ## 5 · Data parallel
# ### Are two halves of a batch the whole batch?
#
# In **data parallel** training every process has the same model, computes one **shard** of the batch, averages its gradients with those of the others, and takes the same step.
# The data are divided, which saves time. It saves only the memory for the layers' outputs; each process still has to hold the whole model, all gradients and the optimiser's state. A model too large for one GPU must be cut up itself (end of section 6).
# Why may gradients be averaged? The loss is a mean over examples, and derivatives may be taken term by term, so the gradient of the whole batch is the mean of the gradients of its examples.
#
# The gradients of four examples are 2, 4, 6, 8; their mean is 5.
# Two processes with two each: (2 + 4)/2 = 3 and (6 + 8)/2 = 7, and the mean of these is 5 again.
# If one process has one and the other three: 2 and (4 + 6 + 8)/3 = 6, and the mean of these is 4.
#
# A mean of means is sure to be the mean of all only *if the shards have equal sizes*. If not, the examples in a smaller shard count for more.
# The fix: add up *sums* and *counts* over the processes, then divide: (2 + 18)/(1 + 3) = 5.
# Averaging the *losses* before `backward` doesn't do it: `all_reduce` only changes a number, and no derivative passes through it to another process.
# Each process gets half the slope of its own shard (3 and 7), 1.5 and 3.5 instead of 5, and weights drift apart.
# %%
def mean_of_means(cut: int) -> float:
    """The slope of the mean squared error, averaged over two ranks with `cut` and 4 - `cut` of the examples."""
    weight = torch.tensor(1.0, requires_grad=True)
    targets = torch.tensor([0.0, -1.0, -2.0, -3.0])  # the slopes of (weight - target)**2 are 2, 4, 6, 8
    mine = targets[:cut] if dist.get_rank() == 0 else targets[cut:]
    (slope,) = torch.autograd.grad(((weight - mine) ** 2).mean(), weight)
    dist.all_reduce(slope)
    return slope.item() / dist.get_world_size()


if __name__ == "__main__":
    for cut in (2, 1):
        print(f"shards of {cut} and {4 - cut}: the averaged gradient is {ranks.run(2, mean_of_means, cut)[0]:g}")
    shards = [[2.0], [4.0, 6.0, 8.0]]
    total, count = sum(map(sum, shards)), sum(map(len, shards))
    print(f"sums and counts: {total:g} / {count} = {total / count:g}")


# %% [markdown] lang="zh"
# ### 练习 · 梯度求平均 · 20 分钟
# `loss.backward()` 之后，所有进程一起调用 `average_gradients(model)`；之后每个参数的 `.grad` 都是所有进程的平均，参数本身不变。
# 两个进程里某个参数的梯度是 `[2, 4]` 和 `[6, 0]`：之后都是 `[4, 2]`。
# - 每次通信都有延迟，所以把所有梯度装进*一个*张量，叫桶（bucket），一次求和，再拆开放回去。最多两次集合通信（第二次可以用来传标记，见第四条）；用你自己的 `ring_all_reduce` 也行。
# - 有的参数在某个进程里没有梯度（`.grad` 是 `None`）：那里按 0 算；只要有一个进程有，之后大家都有。所有进程都没有的，之后还是 `None`。
# - 所以桶里给每个参数都留位置，没有梯度的填 0；若只装自己有的，各进程的桶就不一样长，求和就对不上。
# - “谁有梯度”要另外说，例如在桶的末尾给每个参数加一个标记（有是 1，没有是 0），一起求和。梯度正好是 0、或者互相抵消的，也算有。
# - 所有参数类型相同，在同一个设备上；`.grad` 换成新张量或者就地改都行。
# %% [markdown] lang="en"
# ### Exercise · averaging gradients · 20 min
# After `loss.backward()` all processes call `average_gradients(model)`; afterwards every parameter's `.grad` is the mean over all processes, and the parameters are as they were.
# If the gradients of a parameter are `[2, 4]` and `[6, 0]` in two processes, both are `[4, 2]` afterwards.
# - Every communication has its latency, so put all gradients into *one* tensor, a **bucket**, sum it once, and put the pieces back. At most two collectives (the second may carry the flags of the fourth point); your own `ring_all_reduce` will do as well.
# - Some parameters have no gradient (`.grad` is `None`) in one of the processes: there it counts as 0, and if any process has one, all have it afterwards. What no process has stays `None`.
# - So the bucket of every process has a place for every parameter, filled with 0 where there is no gradient; otherwise buckets have different lengths and can't be summed.
# - The processes also tell each other who has a gradient, for example by a flag for each parameter at the end of the bucket (1 where there is one, else 0), summed with the rest. A gradient that happens to be 0 counts as one, and so do gradients whose sum is 0.
# - All parameters have one dtype and lie on one device; give `.grad` a new tensor or change it in place, as you like.
# %% exercise="average_gradients" difficulty=3 importance=5 minutes=20
def average_gradients(model: nn.Module) -> None:
    """Makes each parameter's gradient the mean of all ranks' gradients; where a rank has none, it counts as 0."""
    # solution
    parameters = list(model.parameters())
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flags = [p.new_tensor([p.grad is not None]) for p in parameters]
    bucket = torch.cat([part.flatten() for part in grads + flags])
    dist.all_reduce(bucket)
    *sums, counts = bucket.split([p.numel() for p in parameters] + [len(parameters)])
    for p, total, count in zip(parameters, sums, counts, strict=True):
        if count > 0:
            p.grad = total.view_as(p) / dist.get_world_size()


if __name__ == "__main__":
    tests.test_average_gradients(average_gradients)


# %% [markdown] lang="zh" tags=["hint"]
# 先不管缺梯度的情形：怎样把几个形状不同的张量连成一行，求和之后又怎样拆回原来的形状？
# %% [markdown] lang="en" tags=["hint"]
# First without missing gradients: how do you join tensors of several shapes to one row, and how do you get the shapes back after the sum?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.cat`、`flatten`、`split`、`view_as`。缺的用 `torch.zeros_like(p)` 代替，桶在每个进程里就一样长。
# %% [markdown] lang="en" tags=["hint"]
# `torch.cat`, `flatten`, `split`, `view_as`. With `torch.zeros_like(p)` for what is missing the bucket is as long in every process.
# %% [markdown] lang="zh" tags=["hint"]
# 标记求和之后是“有几个进程有梯度”：大于 0 的才放回去，除以的却总是进程数。
# %% [markdown] lang="en" tags=["hint"]
# The summed flag says how many processes have a gradient: put back where it is above 0; the divisor is the world size all the same.
# %% [markdown] lang="zh" numbers="8 1"
# ### 忘了除会怎样
#
# 8 个进程，只求和、忘了除，梯度就成了应有的 8 倍。后果要看优化器：
# - SGD（没有权重衰减时）：等于学习率乘 8，可能发散。
# - Adam：几乎看不出来。它除以梯度自己的大小，8 约掉了（只剩 $\epsilon$ 和 L2 项的差别）。
# - 按范数截断，门槛是 1：平均梯度的范数一超过 1/8 就被截断。
#
# 截断要放在求平均*之后*。两个进程的梯度是 6 和 -2，平均 2，截到 1，与一个进程算整批一样。若各自先截，得到 1 和 -1，平均是 0：这一步没了。
# 平均之后，人人手里是同一个梯度，缩的倍数也一样。
#
# 各走各的一步，再把*权重*平均，行不行？要看这一步是不是梯度的加权和。
# SGD 是（带动量也是）：起点相同、每步之后都平均，结果与平均梯度一样。
# Adam 不是，它除以自己的梯度的大小。第一步里，6 和 -2 各走一个学习率，方向相反，权重平均下来不动；平均梯度是 2，却走一个学习率。
# 各自先截断、再走一步，两种做法一般也不相等。
# %% [markdown] lang="en" numbers="8 1"
# ### When the division is forgotten
#
# With 8 processes, gradients that are summed and not divided are 8 times too large. What happens then depends on the optimiser:
# - SGD (without weight decay): as with 8 times the learning rate; it may diverge.
# - Adam: hardly anything. It divides by the gradient's own size, and the 8 cancels (all but $\epsilon$ and an L2 term).
# - Clipping by norm with a threshold of 1 cuts as soon as the mean gradient's norm is above 1/8.
#
# Clip *after* the averaging. Two processes with gradients 6 and -2 have the mean 2, which is clipped to 1, as in one process with the whole batch. Clipped first, they are 1 and -1, and the mean is 0: the step is gone.
# After the averaging all hold the same gradient, and shrink it by the same factor.
#
# Could each process take a step of its own, and the *weights* be averaged? That depends on whether a step is a weighted sum of gradients.
# In SGD it is (with momentum, too): from equal weights, averaged after every step, the result is that of the mean gradient.
# In Adam it isn't, since it divides by the size of its own gradients. In the first step 6 and -2 each move a weight by one learning rate, in opposite directions, so the mean of the weights stays; the mean gradient, 2, moves it by one learning rate.
# If each process clips before its step, the two ways usually aren't equal either.
# %%
if __name__ == "__main__":
    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        steps = []
        for gradient in (0.5, 8 * 0.5):
            weight = nn.Parameter(torch.zeros(1))
            weight.grad = torch.tensor([gradient])
            optimizer([weight], lr=0.1).step()
            steps.append(abs(weight.item()))
        print(f"{optimizer.__name__}: steps of {steps[0]:.2f} and {steps[1]:.2f}, {steps[1] / steps[0]:.0f} times")
    for gradient in (0.5, 8 * 0.5):
        weight.grad = torch.tensor([gradient])
        norm = nn.utils.clip_grad_norm_([weight], 1.0)
        print(f"a gradient of norm {norm:g}, clipped at 1, has {weight.grad.norm():.1f}")
    slopes = torch.tensor([6.0, -2.0])  # of two ranks; one number clipped at norm 1 lies between -1 and 1
    print(f"averaged, then clipped: {slopes.mean().clamp(-1, 1):g}; the other way: {slopes.clamp(-1, 1).mean():g}")
    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        weights = []
        for slope in (*slopes, slopes.mean()):  # each rank by itself, then with the mean gradient
            weight = nn.Parameter(torch.zeros(1))
            weight.grad = slope[None]
            optimizer([weight], lr=0.1).step()
            weights.append(weight.item())
        apart, together = abs(sum(weights[:2]) / 2), abs(weights[2])
        print(f"{optimizer.__name__}: weights averaged, the step is {apart:.2f}; gradients averaged, {together:.2f}")


# %% [markdown] lang="zh"
# ### 要么都做，要么都不做
#
# rank 3 的损失成了 NaN，它 `continue` 跳过这一步；别的进程却在 `all_reduce` 里等它。
# 它下一步的 `all_reduce` 会与别人*这一步*的配上对，不同步的数就加在了一起；到最后 rank 3 少调用一次，其余的就一直等着，到超时（或者 rank 3 退出、连接断开）才报错。
# 同样的毛病还有：各进程的批数不同；集合通信写在 `if rank == 0` 里。
# 正确的写法是先*一起*决定：每个进程报一个标记，用 `dist.ReduceOp.MAX` 取最大，只要有一个是 1，大家都跳过。再把 `timeout` 设得合适：真停住了，不用等半小时才报错。
# %% [markdown] lang="en"
# ### All of them, or none
#
# Rank 3 has a loss of NaN and skips the step by `continue`, while the others wait for it in their `all_reduce`.
# When it comes to the `all_reduce` of its next step, the others are still in that of *this* step: the two are matched, and numbers of different steps are added up.
# At the end rank 3 has made one call too few, and the others wait until the timeout, or until rank 3 exits and the connection breaks.
# Other causes of the same: processes with different numbers of batches; a collective inside `if rank == 0`.
# The right way is first to decide *together*: each process gives a flag, `dist.ReduceOp.MAX` takes the largest, and if any is 1, all skip. And set a suitable `timeout`, so that you don't wait half an hour for the error.
# %%
def skip_together() -> list[str]:
    """What this rank does in three steps; the loss of the last rank is NaN in the second one."""
    done = []
    for step in range(3):
        ill = step == 1 and dist.get_rank() == dist.get_world_size() - 1
        loss = torch.tensor(float("nan") if ill else 1.0)
        flag = loss.isnan().float()
        dist.all_reduce(flag, op=dist.ReduceOp.MAX)
        done.append("skips" if flag > 0 else "steps")
    return done


if __name__ == "__main__":
    print(ranks.run(3, skip_together))


# %% [markdown] lang="zh"
# ### 从同一组权重出发
#
# 如果每个进程各自用随机数造模型，权重就不一样。之后大家走同样的步子，差别就不会变（没有权重衰减时）：1 和 3 各走一步 -0.1，是 0.9 和 2.9，还是差 2。
# 这比“几个不同的模型”更糟：平均梯度是在不同的地方算的，对谁都不合适。
# 例如损失 $(w - 2)^2$，$w$ 是 1 和 3：平均梯度是 0，谁也不动，谁也没有到 2。什么也不报错，只是学不好。
# 所以训练之前先把 rank 0 的权重（和缓冲）播给大家；还可以隔一阵比较一次各进程的权重之和。
# 起点相同，每一步的平均梯度相同，优化器也相同：权重就一直相同，以后不用再传。
# %% [markdown] lang="en"
# ### Beginning with the same weights
#
# If each process makes its model from random numbers of its own, their weights differ. After that all take the same steps, and the difference stays (without weight decay): 1 and 3, after a step of -0.1, are 0.9 and 2.9, still 2 apart.
# It is worse than having several models: the mean gradient is computed at different points, and fits none of them.
# Take the loss $(w - 2)^2$ with $w$ 1 and 3: the mean gradient is 0, nobody moves, and nobody is at 2. There is no error; it just doesn't learn well.
# So before the training all get the weights (and buffers) of rank 0; it also helps to compare the sum of all weights between processes now and then.
# With the same start, the same averaged gradient in every step and the same optimiser the weights stay equal, and never have to be sent again.
# %%
def descends(start: float) -> float:
    """Where rank 0's weight is after 20 steps on (weight - 2)**2, if it begins at 1, and the other one at `start`."""
    weight = 1.0 if dist.get_rank() == 0 else start
    for _ in range(20):
        slope = torch.tensor(2 * (weight - 2))
        dist.all_reduce(slope)
        weight -= 0.1 * slope.item() / dist.get_world_size()
    return weight


if __name__ == "__main__":
    for start in (1.0, 3.0):
        print(f"from 1 and {start:g}:", [f"{weight:.2f}" for weight in ranks.run(2, descends, start)])


# %% [markdown] lang="zh"
# ### 练习 · 播出模型 · 8 分钟
# 所有进程一起调用 `broadcast_model(model)`；之后每个进程的模型与 rank 0 的一样。
# - 参数和 `state_dict()` 里的缓冲都要，包括批归一化那个整数 `num_batches_tracked`。
# - 写进原来的参数：还是同样的对象，还是叶子，`requires_grad` 不变。
# %% [markdown] lang="en"
# ### Exercise · broadcasting a model · 8 min
# All processes call `broadcast_model(model)`; afterwards the model of every process is that of rank 0.
# - Parameters, and the buffers that are in `state_dict()`, including the integer `num_batches_tracked` of a batch norm.
# - Write into the parameters that are there: they stay the same objects, stay leaves, and keep their `requires_grad`.
# %% exercise="broadcast_model" difficulty=2 importance=4 minutes=8
def broadcast_model(model: nn.Module) -> None:
    """Gives every rank's model the parameters and buffers of rank 0."""
    # solution
    for value in model.state_dict().values():  # detached, in the parameters' own memory
        dist.broadcast(value, 0)


if __name__ == "__main__":
    tests.test_broadcast_model(broadcast_model)


# %% [markdown] lang="zh" tags=["hint"]
# 哪个方法一次列出参数和缓冲，给的还是它们自己的内存？
# %% [markdown] lang="en" tags=["hint"]
# Which method lists parameters and buffers together, and gives their own memory?
# %% [markdown] lang="zh" tags=["hint"]
# `state_dict()` 的值与参数共用内存，又不带梯度：往里面收就行。若用 `parameters()`，别忘了 `buffers()`，并放在 `torch.no_grad()` 里。
# %% [markdown] lang="en" tags=["hint"]
# The values of `state_dict()` share the parameters' memory and carry no gradient: receive into them. If you use `parameters()`, don't forget `buffers()`, and do it under `torch.no_grad()`.
# %% [markdown] lang="zh"
# ### 谁拿哪些例子
#
# 每一轮，大家把*同一副*打乱的牌按 rank 轮流拿：rank $r$ 拿第 $r, r + n, r + 2n, \dots$ 张。
# 打乱的顺序由种子加轮数决定，每个进程自己算，结果都一样，不用通信；轮数变了，顺序也变。
# 种子若不同，各人手里不是同一副牌：有的例子拿了几次，有的没有人拿。轮数若不变，每一轮都是同样的批。
#
# 10 个例子、3 个进程，不打乱：
#
# | | 拿到的下标 |
# |---|---|
# | rank 0 | 0, 3, 6, 9 |
# | rank 1 | 1, 4, 7, **0** |
# | rank 2 | 2, 5, 8, **1** |
#
# 10 不是 3 的倍数，于是从头再拿两个（加粗的）补足。
# 训练时这影响很小；评估时那两个算了两次：10 个里对 9 个，是 0.900；补了两个对的，12 个里对 11 个，成了 0.917（下一格是 4 个进程，每个 3 个例子）。所以评估时不补，把“对了几个”和“一共几个”分别求和再除。
# 另一个办法是丢掉零头（`drop_last=True`）：10 个例子、4 个进程，每个拿 2 个，剩下 2 个这一轮用不到；重新打乱以后，用不到的多半是另外两个。
# %% [markdown] lang="en"
# ### Who takes which examples
#
# In each epoch all deal from *the same* shuffled pack, in turns: rank $r$ takes cards $r, r + n, r + 2n, \dots$
# The order follows from seed plus epoch, so every process computes it alone and all get the same without communication; another epoch gives another order.
# With different seeds some examples are taken several times, and some by nobody. If the epoch stays the same, so do the batches.
#
# 10 examples and 3 processes, not shuffled:
#
# | | indices taken |
# |---|---|
# | rank 0 | 0, 3, 6, 9 |
# | rank 1 | 1, 4, 7, **0** |
# | rank 2 | 2, 5, 8, **1** |
#
# 10 is no multiple of 3, so two more (in bold) are taken from the beginning.
# In training that does little harm; in an evaluation these two count twice: 9 of 10 right is 0.900, with two more right ones it is 11 of 12, 0.917 (in the next cell 4 processes have 3 each). So don't fill up there: sum how many are right and how many there are, and divide.
# The other way is to leave the remainder out (`drop_last=True`): of 10 examples 4 processes get 2 each, and 2 go unused in this epoch; after a new shuffle these are mostly two others.
# %% [markdown] lang="zh" tags=["question"] see="ShardedSampler"
# 为什么要补？不补的话，rank 0 有 4 个例子，另外两个各 3 个。每批一个例子，第 4 步会发生什么？
# %% [markdown] lang="en" tags=["question"] see="ShardedSampler"
# Why fill up? Without it rank 0 has 4 examples and the others 3 each. With batches of one example, what happens in step 4?
# %% [markdown] lang="zh" tags=["answer"]
# rank 0 调用第 4 次 `all_reduce`，另外两个已经走完循环，不会再来：rank 0 一直等到超时（它们若已退出，连接断了，就马上报错）。
# 补的代价是有几个例子在这一轮里算了两次，最后一批与“一个进程算整批”略有不同。
# %% [markdown] lang="en" tags=["answer"]
# Rank 0 calls its fourth `all_reduce`, while the others have left their loops and never come: rank 0 waits until its timeout (or gets an error at once, if they have exited and the connection is broken).
# The price of filling up is that a few examples count twice in this epoch, so the last batch differs a little from that of one process on the whole.
# %%
if __name__ == "__main__":
    for rank in range(3):  # torch's sampler: the indices of one rank
        print(f"rank {rank}:", list(DistributedSampler(range(10), 3, rank, shuffle=False)))  # type: ignore[arg-type]  # for the type checker
    for what, seeds in (("one seed for all", (0, 0, 0)), ("a seed for each", (0, 1, 2))):
        taken = [i for rank in range(3) for i in DistributedSampler(range(9), 3, rank, seed=seeds[rank])]  # type: ignore[arg-type]
        print(f"{what}: {len(set(taken))} of 9 examples are seen; dealt out {sorted(taken)}")
    right = torch.tensor([1.0] * 9 + [0.0])  # 9 of 10 examples
    dealt = [i for rank in range(4) for i in DistributedSampler(range(10), 4, rank, shuffle=False)]  # type: ignore[arg-type]
    print(f"accuracy: {right.mean():.3f}; of the {len(dealt)} dealt out to 4 ranks {right[dealt].mean():.3f}")


# %% [markdown] lang="zh"
# ### 练习 · 分份的采样器 · 18 分钟
# 采样器（sampler）告诉 `DataLoader` 按什么顺序取例子。`for i in sampler` 会调用它的 `__iter__`，那里要返回一个迭代器（iterator）：一个一个把下标交出来的东西，最简单的是 `iter([4, 7, 1])`，由列表得来。
# `DataLoader` 每一轮调用一次 `__iter__`；`Sampler[int]` 和 `Iterator[int]` 只是说，交出来的是整数。
#
# `ShardedSampler(length, world_size, rank, shuffle=True, seed=0)` 给出 rank `rank` 在这一轮里的下标，供 `DataLoader(…, sampler=…)` 使用；与 `torch.utils.data.DistributedSampler` 的默认行为一个不差：
# - `shuffle` 时，顺序是 `torch.randperm(length, generator=…)`，生成器是新的 `torch.Generator()`，种子为 `seed` 加轮数；否则是 0, 1, 2, …
# - 轮数从 0 开始，由 `set_epoch(epoch)` 设定；新的轮数从下一次 `__iter__` 起算，一遍走到一半时没有人改它。
# - 同一轮里每走一遍都一样，同时走两遍也互不影响：每次 `__iter__` 都返回新的迭代器。
# - 不能整除时，从顺序的开头接着拿，直到各份相等；例子比进程还少，就一圈圈地重复。`ShardedSampler(2, 5, 4, shuffle=False)` 是 `[0]`。
# - `len(…)` 是这一份的大小。
# - `rank` 不在 0 到 `world_size - 1` 之间，抛出 `ValueError`；`length` 至少是 1。
# - 不动全局的随机数。这个练习里没有进程，也没有通信。
# %% [markdown] lang="en"
# ### Exercise · a sampler of shards · 18 min
# A sampler tells a `DataLoader` the order of the examples. `for i in sampler` calls its `__iter__`, which has to return an **iterator**: something that hands out the indices one by one; the simplest comes from a list, such as `iter([4, 7, 1])`.
# A `DataLoader` calls `__iter__` once an epoch; `Sampler[int]` and `Iterator[int]` only say that integers are handed out.
#
# `ShardedSampler(length, world_size, rank, shuffle=True, seed=0)` gives the indices of rank `rank` in this epoch, for `DataLoader(…, sampler=…)`; exactly those of `torch.utils.data.DistributedSampler` with its defaults:
# - With `shuffle` the order is `torch.randperm(length, generator=…)`, from a new `torch.Generator()` whose seed is `seed` plus the epoch; else it is 0, 1, 2, …
# - The epoch is 0 at first, and set by `set_epoch(epoch)`; a new number counts from the next `__iter__` on, and nobody sets it while a pass is under way.
# - In one epoch every pass gives the same, and two passes at the same time don't disturb each other: each `__iter__` returns a new iterator.
# - Where it doesn't divide, go on from the beginning of the order until the shards are equal; with fewer examples than processes, go round as often as needed. `ShardedSampler(2, 5, 4, shuffle=False)` is `[0]`.
# - `len(…)` is the size of this shard.
# - A `rank` that isn't from 0 to `world_size - 1` raises `ValueError`; `length` is at least 1.
# - The global random numbers stay as they were. There is no process and no communication in this exercise.
# %% exercise="ShardedSampler" difficulty=3 importance=4 minutes=18
class ShardedSampler(Sampler[int]):
    """The indices of one rank: every `world_size`-th of an order that all ranks share, filled up from its beginning."""

    def __init__(self, length: int, world_size: int, rank: int, shuffle: bool = True, seed: int = 0) -> None:
        # solution
        if not 0 <= rank < world_size:
            raise ValueError(f"rank={rank}: with {world_size} processes it is from 0 to {world_size - 1}")
        self.length, self.world_size, self.rank = length, world_size, rank
        self.shuffle, self.seed, self.epoch = shuffle, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """From here on the order is that of this epoch."""
        # solution
        self.epoch = epoch

    def __len__(self) -> int:
        # solution
        return math.ceil(self.length / self.world_size)

    def __iter__(self) -> Iterator[int]:
        # solution
        order = list(range(self.length))
        if self.shuffle:
            generator = torch.Generator().manual_seed(self.seed + self.epoch)
            order = torch.randperm(self.length, generator=generator).tolist()
        places = range(self.rank, len(self) * self.world_size, self.world_size)
        return iter([order[place % self.length] for place in places])


if __name__ == "__main__":
    if tests.test_ShardedSampler(ShardedSampler):
        shards = [list(ShardedSampler(10, 3, rank)) for rank in range(3)]
        print("epoch 0, shuffled:", shards)


# %% [markdown] lang="zh" tags=["hint"]
# 先写出所有进程共有的顺序，再问：rank $r$ 拿其中哪些位置？每份几个？
# %% [markdown] lang="en" tags=["hint"]
# First the order that all share, then ask: which of its places are those of rank $r$? How many in each shard?
# %% [markdown] lang="zh" tags=["hint"]
# 位置是 `range(rank, total, world_size)`，`total` 是进程数的倍数；超过末尾的位置对 `length` 取余数，就回到开头。
# %% [markdown] lang="en" tags=["hint"]
# The places are `range(rank, total, world_size)`, and `total` is a multiple of the world size; a place beyond the end, taken as a remainder by `length`, is back at the beginning.
# %% [markdown] lang="zh" numbers="-1 1 -1.18 0.78 0.1 1.19"
# ### 什么时候*不*等于一整批
# 各个例子互不相干，两半才等于一整批。批归一化让同批的例子互相看见，就不等了。
# 四个值 0、2、10、12，两个进程各两个：各自归一化，得到 -1, 1 和 -1, 1；合在一批里，是 -1.18, -0.78, 0.78, 1.18（舍入到两位）。
# 每个进程看见的均值、方差都只是自己那份的，每份越小越不准。每份只有两个（不相等的）例子时，结果总是 -1 和 1，不管原来是 0、2 还是 0、200：大小全丢了。
# 要与一整批相同，就得让各进程先把均值和方差合起来：`nn.SyncBatchNorm` 就是这样（只能在 GPU 上用），代价是每层在前向、反向各多一次通信。或者改用只看一个例子的 `nn.LayerNorm`、`nn.GroupNorm`。
# 还有滑动平均的统计量（running statistics）：它们是缓冲，没有梯度，在我们自己写的训练里没有人求平均，所以各进程慢慢变得不同；rank 0 存的检查点里，只有 rank 0 看到的。
# `DistributedDataParallel` 造好时，就把 rank 0 的参数和缓冲播给大家；训练时每次前向之前，默认再播一次 rank 0 的缓冲：下一格里，rank 1 的滑动平均在第二步之前换成了 rank 0 的 0.1，所以第二步之后是 $0.9 \cdot 0.1 + 0.1 \cdot 11 = 1.19$。它们不再越差越远，记下的却仍然只是 rank 0 看到的。
#
# 还有两处要当心：`Dropout` 在各进程里用的随机数应当不同（所以各进程的随机种子应不同，权重靠播出来统一）；
# 每个进程的批大小不变，进程从 1 个变成 8 个，总的一批就是原来的 8 倍，每轮的步数只剩 1/8。所以常把学习率也加大（最多 8 倍，开头几轮慢慢升上去），再看验证集上行不行。
#
# **读物**：Priya Goyal 等，*Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour*（英文）：一批变成 $k$ 倍，学习率也乘 $k$，开头慢慢升上去。读时想：它说批归一化的统计量该不该跨进程合并？
# %% [markdown] lang="en" numbers="-1 1 -1.18 0.78 0.1 1.19"
# ### When it is *not* one big batch
# Two halves are the whole batch if examples have nothing to do with each other. Batch norm lets the examples of a batch see each other, and then two halves aren't the whole.
# Four values 0, 2, 10, 12 in two processes with two each: normalised apart they are -1, 1 and -1, 1; as one batch they are -1.18, -0.78, 0.78, 1.18 (rounded to two digits).
# Every process sees the mean and variance of its own shard, and the smaller the shard the rougher they are. With two (unequal) examples in each, the result is always -1 and 1, for 0 and 2 as for 0 and 200: their size is lost.
# To get the same as one batch, the processes have to combine means and variances first: `nn.SyncBatchNorm` does so (on GPUs only), at the price of one more communication a layer, both forward and backward. Or take `nn.LayerNorm` or `nn.GroupNorm`, which look at one example only.
# And there are the running statistics: they are buffers without gradients, in our own training nobody averages them, so they come to differ between processes; a checkpoint that rank 0 saves holds only what rank 0 has seen.
# `DistributedDataParallel` broadcasts the parameters and buffers of rank 0 when it is made, and by default its buffers again before each forward in training: in the next cell rank 1's running mean becomes rank 0's, 0.1, before the second step, so after it is $0.9 \cdot 0.1 + 0.1 \cdot 11 = 1.19$. So they don't drift apart, but still hold only what rank 0 has seen.
#
# Two more things to watch: `Dropout` should use different random numbers in each process (so their random seeds should differ, and the weights are made equal by broadcasting);
# and if every process keeps its batch size, 8 processes instead of 1 make the batch 8 times as large, and an epoch has 1/8 of the steps. So one often raises the learning rate as well (up to 8 times, slowly over the first epochs), and looks at the validation set.
#
# **Reading**: Priya Goyal and others, *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour* (in English): for a batch $k$ times as large multiply the learning rate by $k$, and begin slowly. While you read: what does it say about combining the statistics of batch norm across processes?
# %%
def normalised_apart(values: Tensor) -> list[float]:
    """This rank's half of the values, normalised by itself."""
    mine = values.chunk(dist.get_world_size())[dist.get_rank()]  # so many equal pieces
    return F.batch_norm(mine[:, None], None, None, training=True)[:, 0].tolist()  # no running statistics


def under_ddp(values: Tensor) -> list[float]:
    """The weight of this rank's batch norm, which began as its rank, and the running mean after one and two steps."""
    norm, mine = nn.BatchNorm1d(1), values.chunk(dist.get_world_size())[dist.get_rank()][:, None]
    norm.weight.data.fill_(dist.get_rank())
    model = nn.parallel.DistributedDataParallel(norm)
    seen = [norm.weight.item()]
    for _ in range(2):
        model(mine)
        seen.append(norm.get_buffer("running_mean").item())
    return seen


if __name__ == "__main__":
    values = torch.tensor([0.0, 2, 10, 12])
    apart = ranks.run(2, normalised_apart, values)
    whole = F.batch_norm(values[:, None], None, None, training=True)[:, 0].tolist()
    print("apart:", [f"{v:.2f}" for half in apart for v in half], " together:", [f"{v:.2f}" for v in whole])
    for rank, seen in enumerate(ranks.run(2, under_ddp, values)):
        print(f"rank {rank} under DistributedDataParallel: weight, running mean twice:", [f"{v:.2f}" for v in seen])


# %% [markdown] lang="zh" numbers="230 170 225"
# ### 边算边传
#
# `backward` 先算出最后一层的梯度。若等所有层都算完才求和，那么反向时没有人在传（线路闲着），求和时没有人在算（GPU 闲着）。
# 把梯度分成几个桶，一个桶满了，就用不等结果的 `all_reduce(…, async_op=True)` 开始传，`backward` 接着算：这叫重叠（overlap）。
# `DistributedDataParallel` 就这样做，每个桶约 25 MB，最后才等。下图比较两种做法的时间。
# 前向 50 ms，反向 100 ms，求和 80 ms，一个接一个是 230 ms。
# 分成四个桶，每个传 20 ms，边算边传：最后一个桶（第一层的）到第 150 ms 才满，它的 20 ms 藏不住，所以是 170 ms。
# 求和要 150 ms 时，线路成了瓶颈：第 75 ms 第一个桶满了，再传 150 ms，是 225 ms。
# %% [markdown] lang="en" numbers="230 170 225"
# ### Sending while computing
#
# `backward` computes the gradients of the last layer first. If the sum waits for all layers, nobody sends during backward (the line is idle), and nobody computes during the sum (the GPU is idle).
# Put the gradients into several buckets, send a bucket as soon as it is full by `all_reduce(…, async_op=True)`, which doesn't wait, and let `backward` go on: this is **overlap**.
# `DistributedDataParallel` does so, with buckets of about 25 MB, and waits only at the end. The figure compares both ways.
# Forward 50 ms, backward 100 ms, the sum 80 ms: one after the other that is 230 ms.
# With overlap there are four buckets of 20 ms each: the last one, with the first layer, is full at 150 ms, and its 20 ms stick out: 170 ms.
# If the sum takes 150 ms, the line is the bottleneck: the first bucket is full at 75 ms, and 150 ms more make 225 ms.
# %%
if __name__ == "__main__":
    for whole in (80, 150):  # ms that the sum takes
        free = 50.0  # ms: when the line is free
        for bucket in range(1, 5):
            free = max(free, 50 + 25 * bucket) + whole / 4  # a bucket waits until it is full, and the line free
        print(f"sum {whole} ms: {50 + 100 + whole} ms one after the other, {free:g} ms with overlap")
    figures.overlap().show()


# %% [markdown] lang="zh" tags=["question"] see="average_gradients"
# 桶为什么不越小越好（一层一个，最早就能传），也不越大越好（一个装下全部，延迟最少）？
# %% [markdown] lang="en" tags=["question"] see="average_gradients"
# Why isn't a bucket best when it is as small as possible (one a layer, sent earliest), nor when it is as large as possible (one for all, the least latency)?
# %% [markdown] lang="zh" tags=["answer"]
# 太小：每个桶付一次延迟，几百层就是几百次。太大：要等到 `backward` 结束才满，没有东西可以重叠。
# 25 MB 左右，字节的时间已经远大于延迟，又还有好几个桶可以与计算同时进行。
# %% [markdown] lang="en" tags=["answer"]
# Too small: each bucket pays the latency, and with hundreds of layers that is hundreds of times. Too large: it is full only when `backward` is over, and nothing is left to overlap with.
# At about 25 MB the bytes take far longer than the latency, and there are still several buckets that travel while others are computed.
# %% [markdown] lang="zh" numbers="120 1.67 0.83 8.65 0.14"
# ### 快了几倍
#
# 一个进程算一批要 200 ms。两个进程各算一半，100 ms，再传 20 ms，共 120 ms：快了 200/120 ≈ 1.67 倍，这叫加速比（speed-up）。
# 这里两个一样快。不一样快时，大家都要等最慢的：三个进程各要 100、100、130 ms，这一步的计算就是 130 ms，前两个各闲 30 ms，三个进程合起来的时间里有 60/390，约 15%，白等了。
# 加速比除以进程数，约 0.83，叫效率（efficiency）：花的钱里有多少真的换成了速度。
# 总的一批不变，进程越多，每个算得越少，传的时间却不减（环里也几乎不变）：64 个进程只快 8.65 倍，效率 0.14；再多也到不了 200/20 = 10 倍。
# 出路有两条：边算边传，把那 20 ms 藏起来；或者让总的一批跟着变大，那就要重新看学习率（上面说过）。
# %% [markdown] lang="en" numbers="120 1.67 0.83 8.65 0.14"
# ### How many times faster
#
# One process takes 200 ms for a batch. Two take 100 ms for half of it each, and then 20 ms to communicate, together 120 ms: they are 200/120 ≈ 1.67 times as fast, which is the **speed-up**.
# These two are equally fast. If they aren't, all wait for the slowest: where three processes need 100, 100 and 130 ms, the step computes for 130 ms, two are idle for 30 ms each, and of the time of all three 60/390, about 15%, is spent waiting.
# The speed-up divided by the number of processes, about 0.83, is the **efficiency**: how much of what you pay for really turns into speed.
# While the whole batch stays the same, each of more processes computes less, but communicates no less (in a ring, too, the time hardly changes): 64 of them are only 8.65 times as fast, with an efficiency of 0.14, and no number of them reaches 200/20 = 10 times.
# There are two ways out: send while computing, which hides the 20 ms; or let the whole batch grow, and then look at the learning rate again (see above).
# %%
if __name__ == "__main__":
    for n in (1, 2, 4, 8, 64):
        took = 200 / n + (20 if n > 1 else 0)  # one process alone sends nothing
        print(f"{n} processes: {took:.0f} ms, speed-up {200 / took:.2f}, efficiency {200 / took / n:.2f}")


# %% [markdown] lang="zh"
# ## 6 · 训练，死掉，接着训练
# ### torchrun：谁来起这些进程
#
# 真正训练时，进程由 `torchrun` 起：它把同一个脚本运行几份，用环境变量告诉每一份它是谁；哪一份出错，它就结束其余的，并显示那一份的错误。
# `RANK` 和 `WORLD_SIZE` 就是第 1 节的那两个数；`LOCAL_RANK` 是在*这台机器*上的编号，决定用哪块 GPU；`LOCAL_WORLD_SIZE` 是这台机器上有几个。
# 不经过 `torchrun`，这些变量就没有，`join` 会报 `KeyError: 'LOCAL_RANK'`（`train.py` 会直接告诉你缺了什么）。自己设好六个，就是只有一个进程的组：`RANK=0 WORLD_SIZE=1 LOCAL_RANK=0 LOCAL_WORLD_SIZE=1 MASTER_ADDR=localhost MASTER_PORT=29500 python train.py`（最后两个说在哪里碰头；Windows 上先用 `$env:RANK = 0` 这样的命令逐个设）。
# 两台机器各 4 块 GPU，每块一个进程：进程数是 8。rank 通常一台接一台地数，第一台 0 到 3，第二台 4 到 7；第二台上 `LOCAL_RANK` 是 1 的，`RANK` 是 4 + 1 = 5。
# 若每个进程都用 GPU 0，几份模型就挤在一块卡上，其余的卡闲着。在 GPU 之间搬数据的库（nccl，见下）通常还会报错，因为两个 rank 用了同一块卡。
#
# 下一格的 `join()` 就是每个这样的脚本开头要做的事。它从环境变量得知自己是谁，选好设备，找到别的进程，组成进程组（细节以后用到再看）。后端（backend）是替你搬数据的库：CPU 上用 gloo，NVIDIA 的 GPU 上用 nccl；其余的代码一字不改。
#
# 旁边的 `train.py` 用*你的* `DistTrainer` 训练一个认数字的网络（还没有写完，就用课程的）。在终端里，从这一课的文件夹运行：
#
# ```
# torchrun --standalone --nproc-per-node=2 train.py
# ```
#
# `--standalone` 表示只有这一台机器；端口（port，一台机器上收消息的门牌号）由它自己挑空的。
# 进程就在一个地址和端口上碰头：一个在那里守着，别的来报到。有一个一直不来，`init_process_group` 等到 `timeout` 就报错（“2/3 clients joined”）。
# 不用 `--standalone` 而自己定端口时，同一台机器上的两个任务要用*不同*的端口。
# 若端口相同，后来的任务里，负责守端口的那个进程报 address already in use；其余的却可能连到*先来的*任务上：试过一次，两个任务的 1 和 100 加成了 101，谁也没有报错。
# 在 VS Code 里：菜单 Terminal → Run Task 里的 `torchrun: train.py` 做同一件事；左边 Run and Debug 里选 `train.py under torchrun`，每个进程都能停在断点上（在 Call Stack 一栏里选进程）。
# 一个停在断点上，别的就在下一次集合通信里等它，过了 `timeout` 便报错。所以调试时把 `timeout` 设长，或者先只用一个进程（`--nproc-per-node=1`）；停着的时候，也不要在一个进程里单独调用集合通信。
# %% [markdown] lang="en"
# ## 6 · Training, dying, and going on
# ### torchrun: who makes these processes
#
# In real training the processes are made by `torchrun`: it runs one script several times, tells each copy by environment variables who it is, and when one fails, it ends the others and shows the error of that one.
# `RANK` and `WORLD_SIZE` are the two numbers of section 1; `LOCAL_RANK` is the number *on this machine*, and decides which GPU to use; `LOCAL_WORLD_SIZE` is how many there are on this machine.
# Without `torchrun` there are none of these, and `join` fails with `KeyError: 'LOCAL_RANK'` (`train.py` tells you what is missing). Set six yourself for a group of one: `RANK=0 WORLD_SIZE=1 LOCAL_RANK=0 LOCAL_WORLD_SIZE=1 MASTER_ADDR=localhost MASTER_PORT=29500 python train.py` (the last two say where to meet; on Windows set each by a command like `$env:RANK = 0`).
# Two machines with 4 GPUs each and one process a GPU: the world size is 8. Ranks are usually counted machine by machine, 0 to 3 on the first and 4 to 7 on the second; where `LOCAL_RANK` is 1 on the second, `RANK` is 4 + 1 = 5.
# If every process took GPU 0, all would compete for its memory and time while the other GPUs are idle; and nccl (see below), which moves data between GPUs, usually raises an error.
#
# Every such script begins with `join()` of the next cell: it reads who it is, chooses a device, finds the others and joins the group (the details can wait). The **backend** is the library that moves the data for you: gloo on CPUs, nccl on GPUs by NVIDIA; not a word of the rest changes.
#
# `train.py` beside this file trains on the digits with *your* `DistTrainer` (with the course's, if yours isn't finished). In a terminal, in this lesson's folder:
#
# ```
# torchrun --standalone --nproc-per-node=2 train.py
# ```
#
# `--standalone` says that there is this machine only; the port (the number of a door at which a machine takes messages) is a free one that it chooses.
# The processes meet at an address and a port: one waits there, the others report to it. If one never comes, `init_process_group` waits until its `timeout` and raises an error ("2/3 clients joined").
# If you choose the ports yourself, without `--standalone`, two jobs on one machine need two *different* ports.
# With the same port the process of the second job that is to wait there fails with "address already in use", but its other processes may get into the *first* job: in one try 1 and 100, from two jobs, were added to 101, without an error.
# In VS Code `torchrun: train.py` in the menu Terminal → Run Task does the same; with `train.py under torchrun`, chosen under Run and Debug on the left, each process stops at your breakpoints (choose a process in the pane Call Stack).
# While one stands at a breakpoint, the others wait for it in their next collective, and raise an error after the `timeout`. So set a long `timeout` for debugging, or begin with a single process (`--nproc-per-node=1`); and while it stands, don't call a collective in one process alone.
# %%
def join(seconds: float = 600) -> torch.device:
    """Joins the process group that torchrun has prepared; the device of this process: a GPU, if each process can have one."""
    local_rank, local_size = int(os.environ["LOCAL_RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])
    gpu = torch.device("cuda", local_rank) if torch.cuda.device_count() >= local_size else None
    if gpu:
        torch.cuda.set_device(gpu)
    store, rank, size = next(dist.rendezvous("env://"))  # type: ignore  # where the processes of torchrun find each other
    if size == local_size:  # after a restart it still holds the addresses of those that died
        store = dist.PrefixStore(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"), store)  # type: ignore
    group = {"store": store, "rank": rank, "world_size": size, "timeout": timedelta(seconds=seconds)}
    dist.init_process_group("nccl" if gpu else "gloo", device_id=gpu, **group)
    return gpu or torch.device("cpu")


# %% [markdown] lang="zh"
# ### 几台机器
#
# 几台机器时，每台叫一个节点（node），各起一个 `torchrun`；它们约好一个地址碰头，叫会合（rendezvous）。脚本还是同一个。
#
# 用 SSH 的集群（cluster，许多台连在一起的机器）：在每台机器上运行同一条命令，`HOST` 是其中一台的名字，29500 是那台上的端口，要空着，别的机器也要连得到：
#
# ```
# torchrun --nnodes=2 --nproc-per-node=4 --rdzv-backend=c10d --rdzv-endpoint=HOST:29500 --rdzv-id=run1 train.py
# ```
#
# `c10d` 是 PyTorch 自带的会合办法；`--rdzv-id` 是这次运行的名字，每台机器上要写得一样。
#
# 用 Slurm（集群上排队分机器的程序；不用它就跳过）：写成 `job.sh`，用 `sbatch job.sh` 提交。`#SBATCH` 那行说要几台机器，`$(…)` 是一条命令的输出，这里是第一台的名字；`srun` 在每台上各运行一次 `torchrun`：
#
# ```
# #SBATCH --nodes=2 --ntasks-per-node=1 --gpus-per-node=4
# HOST=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
# srun torchrun --nnodes=$SLURM_NNODES --nproc-per-node=4 --rdzv-backend=c10d --rdzv-endpoint=$HOST:29500 --rdzv-id=$SLURM_JOB_ID train.py
# ```
#
# 几台机器又要能重启时（本节后面讲），在前面加上环境变量 `TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1`：每次重启都换一个新的碰头处，不会读到上一次的旧地址。
#
# 没有两台机器也能排练：在一台机器上开两个终端，各运行一次下面的命令。两个“节点”会合成一个四进程的组：
#
# ```
# torchrun --nnodes=2 --nproc-per-node=2 --rdzv-backend=c10d --rdzv-endpoint=localhost:29500 --rdzv-id=try train.py
# ```
# %% [markdown] lang="en"
# ### Several machines
#
# With several machines each is a **node** and runs a `torchrun` of its own; they agree on an address to meet at, which is called the **rendezvous**. The script is the same.
#
# On a cluster (many machines that are connected) with SSH: run the same command on every machine; `HOST` is the name of one of them, and 29500 a port on it, which must be free and within reach of the others:
#
# ```
# torchrun --nnodes=2 --nproc-per-node=4 --rdzv-backend=c10d --rdzv-endpoint=HOST:29500 --rdzv-id=run1 train.py
# ```
#
# `c10d` is PyTorch's own way to meet; `--rdzv-id` is a name for this run, the same on every machine.
#
# With Slurm (the program with which clusters queue jobs and hand out machines; skip this if you don't use it): write it as `job.sh` and submit it with `sbatch job.sh`. The line `#SBATCH` says how many machines, `$(…)` is what a command prints, here the name of the first machine; `srun` runs one `torchrun` on each:
#
# ```
# #SBATCH --nodes=2 --ntasks-per-node=1 --gpus-per-node=4
# HOST=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
# srun torchrun --nnodes=$SLURM_NNODES --nproc-per-node=4 --rdzv-backend=c10d --rdzv-endpoint=$HOST:29500 --rdzv-id=$SLURM_JOB_ID train.py
# ```
#
# For restarts (later in this section) on several machines put the environment variable `TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1` in front: every restart then has a new place to meet, without the old addresses.
#
# To rehearse on one machine, run this in two terminals; the two "nodes" make one group of four processes:
#
# ```
# torchrun --nnodes=2 --nproc-per-node=2 --rdzv-backend=c10d --rdzv-endpoint=localhost:29500 --rdzv-id=try train.py
# ```
# %% [markdown] lang="zh" tags=["question"] see="DistTrainer"
# 先预测：三个进程在训练，rank 1 忽然死了（例如内存不够，被系统结束）。rank 0 和 rank 2 会怎样：两个进程继续训练、报错，还是永远等着？下一格让它真的死一次。
# %% [markdown] lang="en" tags=["question"] see="DistTrainer"
# Predict: three processes are training, and rank 1 suddenly dies (the system ends it because memory has run out, say). What happens to ranks 0 and 2: do they go on as two, raise an error, or wait for ever? The next cell lets it die for real.
# %% [markdown] lang="zh" tags=["answer"]
# 报错：连接断了，gloo 上正等着它的 `all_reduce` 马上抛出 `RuntimeError`（nccl 上可能要等到超时）。不会自动变成两个进程的组，因为那样结果就悄悄变了。
# 但如果 rank 1 没有死，只是*不来*（死循环，或者走了别的分支），连接还在，大家就一直等到超时。
# %% [markdown] lang="en" tags=["answer"]
# They raise an error: the connection is broken, and with gloo the `all_reduce` that waits for it raises `RuntimeError` at once (with nccl it may take until the timeout). They don't go on as two, because the result would silently be a different one.
# But if rank 1 is alive and just *doesn't come* (an endless loop, or another branch), the connection is there, and all wait until the timeout.
# %%
def one_dies() -> None:
    """Rank 1 dies in its second step."""
    for step in range(3):
        if dist.get_rank() == 1 and step == 1:
            os._exit(13)  # the process ends at once, as in a crash
        dist.all_reduce(torch.ones(1))


if __name__ == "__main__":
    for one in ranks.together(3, one_dies):
        print(str(one).split(" [")[0])  # without the address


# %% [markdown] lang="zh"
# 剩下的两个不会自己变成两人一组：与死者的连接断了，正等着它的 `all_reduce` 就报错。
# 连接若没有断（有进程一直不来，或者整台机器断了电），大家就等到超时。
#
# ### 检查点要么完整，要么没有
#
# 死了就得重来，除非存过：把训练到此为止的一切（权重、优化器的状态、轮数）写进一个文件，叫检查点（checkpoint）。
# 进程也可能死在*写文件的半途*：旧的已经盖掉，新的只有一半，两个都没了。
# 所以先写到旁边的另一个名字，写完再用 `os.replace` 改名：改名是一步，读的人看到的不是旧的就是新的。
#
# 所有进程的权重一样，所以只由 rank 0 写；大家都往同一个文件里写，文件就坏了。打印也一样，不然每行出现 n 次；而集合通信要写在这个 `if rank == 0` 外面，因为人人都要来。
# 别人要等它写完，否则有人去读时，文件还没有，或者还是旧的。`dist.barrier()` 就是“人到齐了再走”。
# %% [markdown] lang="en"
# The two that are left don't go on as two: the connection to the dead one broke, and their `all_reduce` raised an error.
# If it doesn't break (a process never comes, or a whole machine loses its power), all wait until the timeout.
#
# ### A checkpoint is whole, or it isn't there
#
# After a death all starts from the beginning, unless it was saved: a **checkpoint** is a file with all that the training has come to (weights, the optimiser's state, the epoch).
# A process may also die *while writing it*: the old file is overwritten, the new one is half written, and both are lost.
# So write beside it under another name, and rename by `os.replace` at the end: a rename is one step, and readers see the old one or the new one.
#
# All processes have the same weights, so only rank 0 writes; if all wrote to one file, it would be broken. It alone prints as well, or each line comes n times; but a collective stands outside of this `if rank == 0`, since all must come to it.
# The others must wait for it, or one of them reads no file yet, or the old one. `dist.barrier()` means "go on when all are here".
# %% [markdown] lang="zh"
# ### 练习 · 存检查点 · 12 分钟
# 所有进程一起调用 `save_checkpoint(path, state)`：`path` 是 `Path`，它的文件夹已经有了；`state` 是 `torch.save` 能存的字典。不要求 `fsync`。
# - 只有 rank 0 写，写的是它的 `state`；任何进程返回时，`path` 已经是新的、完整的，能用 `torch.load` 读回来。
# - 写到一半出错，rank 0 把错误抛出来，而 `path` 还是原来那份；其余进程这时怎样，不评判。
# - 之后文件夹里除了 `path`，没有多出别的文件（出错的那次除外）。
# %% [markdown] lang="en"
# ### Exercise · saving a checkpoint · 12 min
# All processes call `save_checkpoint(path, state)`: `path` is a `Path` in a folder that exists, `state` a dictionary that `torch.save` can save. No `fsync` is asked for.
# - Only rank 0 writes, and it writes its own `state`; when any process returns, `path` is the new one, whole, and `torch.load` reads it.
# - If an error comes in the middle of the writing, rank 0 raises it, and `path` is what it was before; what the others do then isn't judged.
# - Afterwards no file has come into the folder but `path` (except where there was an error).
# %% exercise="save_checkpoint" difficulty=2 importance=4 minutes=12
def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes rank 0's `state` to `path`, whole or not at all; no rank returns before."""
    # solution
    if dist.get_rank() == 0:
        unfinished = path.with_name(f"{path.name}.unfinished")
        torch.save(state, unfinished)
        os.replace(unfinished, path)
    dist.barrier()


if __name__ == "__main__":
    tests.test_save_checkpoint(save_checkpoint)


# %% [markdown] lang="zh" tags=["hint"]
# 谁写？写到哪个名字？什么时候改名？别的进程在哪一行等？
# %% [markdown] lang="en" tags=["hint"]
# Who writes, under which name, and when is it renamed? In which line do the others wait?
# %% [markdown] lang="zh" tags=["hint"]
# 两个名字在同一个文件系统里，`os.replace` 才是一步；放在同一个文件夹里就一定是：`path.with_name(…)`。`barrier` 由*每个*进程调用，所以它在 `if` 外面。
# %% [markdown] lang="en" tags=["hint"]
# `os.replace` is one step only within one file system; two names in the same folder always are: `path.with_name(…)`. *Every* process calls `barrier`, so it stands outside the `if`.
# %% [markdown] lang="zh"
# ### 练习 · 读检查点 · 10 分钟
# 所有进程一起调用 `load_checkpoint(path)`：每个进程都得到 rank 0 那里 `path` 中的字典，张量在 CPU 上；rank 0 那里没有这个文件，就都得到 `None`。
# - 别的机器上可能没有这个文件，所以只有 rank 0 看和读；别的进程从它那里得到。
# - `dist.broadcast_object_list(found, 0)` 把列表 `found` 里的东西（不限于张量）从 rank 0 播给大家，就地替换。
# - 用 `torch.load(path, map_location="cpu", weights_only=True)`：这样只还原张量、数、字符串和装它们的列表、字典，不执行文件里的代码。有代码时 rank 0 报错，其余进程这时怎样，不评判；除此之外，文件若在，就是完整的。
# %% [markdown] lang="en"
# ### Exercise · loading a checkpoint · 10 min
# All processes call `load_checkpoint(path)`: each gets the dictionary in the file `path` on rank 0's machine, with its tensors on the CPU; if rank 0 has no such file, all get `None`.
# - Another machine may not have the file, so only rank 0 looks and reads; the others hear from it.
# - `dist.broadcast_object_list(found, 0)` gives what is in the list `found` (not only tensors) of rank 0 to all, in place.
# - Use `torch.load(path, map_location="cpu", weights_only=True)`: it restores only tensors, numbers, strings, lists and dictionaries, and runs no code in the file. Where there is code, rank 0 raises an error, and what the others do then isn't judged; apart from that, a file that is there is whole.
# %% exercise="load_checkpoint" difficulty=2 importance=3 minutes=10
def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """What rank 0 finds at `path`, in every rank; None if there is nothing."""
    # solution
    found = [None]
    if dist.get_rank() == 0 and path.is_file():
        found = [torch.load(path, map_location="cpu", weights_only=True)]
    dist.broadcast_object_list(found, 0)
    return found[0]


if __name__ == "__main__":
    tests.test_load_checkpoint(load_checkpoint)


# %% [markdown] lang="zh" tags=["hint"]
# 如果每个进程自己看文件在不在，两台机器可能得出不同的答案；那之后会怎样？
# %% [markdown] lang="en" tags=["hint"]
# If every process looked for the file itself, two machines might find different answers; and what then?
# %% [markdown] lang="zh" tags=["hint"]
# 每个进程都从只有一项的列表 `[None]` 开始；rank 0 可能换掉那一项；然后播出，返回那一项。
# %% [markdown] lang="en" tags=["hint"]
# Every process begins with a list of one item, `[None]`; rank 0 may replace it; then broadcast, and return the item.
# %% [markdown] lang="zh"
# ### 全部合起来
#
# `torchrun --max-restarts=3 …` 在有进程死掉时，把*所有*进程结束、全部重新起，最多三次。脚本从头运行；只要它开头读检查点，就是从最近一次完整的检查点接着训练。
# 这属于弹性（elastic）训练：重启时，机器的台数也可以变（`--nnodes=1:4` 是 1 到 4 台）。最后一次存档以后的那几步，要重算一遍。
#
# 换了进程数重启，就不再是同一次训练了。8 个变 4 个，若每个进程的批大小不变，总的一批少了一半，学习率和每轮的步数都不再合适；
# 即使把每个进程的批加倍，谁拿哪些例子、各进程的随机数、批归一化看到的那一份也都变了。能接着训练，但不会逐位相同。
# %% [markdown] lang="en"
# ### All of it together
#
# When a process dies, `torchrun --max-restarts=3 …` ends *all* processes and starts all of them again, three times at most. The script begins from its first line; if it begins by loading the checkpoint, it goes on from the last whole one.
# This belongs to **elastic** training: a restart may also change the number of machines (`--nnodes=1:4`: 1 to 4). The steps between the last save and the death are computed again.
#
# With 4 processes instead of 8 it isn't the same training any more. With the same batch size in each the whole batch is halved, and learning rate and steps an epoch don't fit;
# even with the double batch in each, the shards, random numbers and what batch norm sees have changed. You can go on, but not digit by digit.
# %% [markdown] lang="zh" numbers="20.0% 1.2% 5.0% 10.0%"
# ### 多久存一次
#
# 一台机器平均 1000 小时坏一次；100 台一起训练，坏一台就停：平均 10 小时停一次。存一次要 3 分钟，即 0.05 小时，其间训练停着。
# 每 $T$ 小时存一次，存档占去 $0.05/T$；停一次平均白算 $T/2$ 小时，分到 10 小时里是 $T/20$。
# 一刻钟存一次，20.0% 的时间用在存档上，白算的只有 1.2%；一小时存一次，各 5.0%，合起来 10.0%，最少。
# 一般地，只要 $T$ 比 $m$ 小得多，两项相等时和最小：存一次要 $c$ 小时，平均 $m$ 小时坏一次，$T = \sqrt{2 c m}$，这里是 $\sqrt{2 \cdot 0.05 \cdot 10} = 1$。
# %% [markdown] lang="en" numbers="20.0% 1.2% 5.0% 10.0%"
# ### How often to save
#
# A machine fails every 1000 hours on average; of 100 that train together one failure stops all, so that is every 10 hours. Saving takes 3 minutes, 0.05 hours, in which the training waits.
# Saved every $T$ hours, saving takes the share $0.05/T$ of the time; a failure loses $T/2$ hours on average, which in 10 hours is the share $T/20$.
# Every quarter of an hour, 20.0% of the time goes into saving, and only 1.2% is computed in vain; saving every hour, each is 5.0%, together 10.0%, the least.
# In general, while $T$ is well below $m$, the sum is least where both are equal: if saving takes $c$ hours and a failure comes every $m$ hours, $T = \sqrt{2 c m}$, which is $\sqrt{2 \cdot 0.05 \cdot 10} = 1$ here.
# %%
if __name__ == "__main__":
    for hours in (0.25, 0.5, 1, 2, 4):
        saving, lost = 0.05 / hours, hours / 2 / 10
        print(f"every {hours:>4} h: saving {saving:.1%}, computed in vain {lost:.1%}, together {saving + lost:.1%}")


# %% [markdown] lang="zh"
# 接下来写的训练器，把这些都合起来；训练什么、怎样训练，写在 `DistArgs` 里。
# 写好以后，先在 CPU 上用 1、2、3 个进程各试一次，看得见的毛病不同：
# - 1 个：训练本身对不对，最好调试；可是忘了除、忘了播出、死锁，都看不出来。
# - 2 个：这些大多露出来了；可是左邻和右邻是同一个，环转错了方向也看不出来。
# - 3 个：左右分得开，切不整的长度也更多。
# %% [markdown] lang="en"
# Next comes the trainer that puts this together; `DistArgs` says what it trains, and how.
# Try it on the CPU with 1, 2 and 3 processes first, since each shows other faults:
# - 1: is the training itself right? It is the easiest to debug, but a forgotten division, a forgotten broadcast or a deadlock doesn't show.
# - 2: now most of these show; but left and right neighbour are the same, so a ring that runs the wrong way doesn't.
# - 3: left and right differ, and more lengths don't divide.
# %%
@dataclass
class DistArgs:
    """What to train, on what, and how."""

    make_model: Callable[[], nn.Module] = SimpleMLP
    train_set: Dataset = field(default_factory=lambda: get_digits(train=True))
    epochs: int = 4
    batch_size: int = 60  # of all ranks together; the world size divides it
    lr: float = 0.1
    momentum: float = 0.9
    seed: int = 0
    checkpoint: Path | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


# %% [markdown] lang="zh"
# ### 练习 · 分布式的训练器 · 35 分钟
# `DistTrainer(args)` 由每个进程造一个，`trainer.train()` 训练并返回每一步的损失；模型在 `trainer.model` 里。其余的名字随你。
# - 模型是 `args.make_model()`，放到 `args.device`；在每个进程里造，不设随机种子；然后大家都取 rank 0 的权重。
# - 优化器是 `torch.optim.SGD`，学习率 `args.lr`，动量 `args.momentum`。
# - 数据按 `ShardedSampler` 分，种子是 `args.seed`；每轮之前设定轮数（从 0 数起）。每个进程的批大小是 `args.batch_size` 除以进程数，最后不满的一批也用。
# - 每一步：交叉熵（`F.cross_entropy`），反向，梯度在进程间求平均，走一步。
# - 返回的损失是所有进程的平均，更新之前的，每步一个 `float`；每个进程返回的一样。
# - 若 `args.checkpoint` 不是 `None`：`train()` 开头有检查点就从它接着训练，每轮之后存一次（模型、优化器、轮数、到此为止的损失）。返回的是从第一轮起的全部损失，所以与没有中断过的一样。
# - 别的进程死了，错误要传出来：不接住，也不重试。
# - `train()` 只调用一次；检查点来自同样的设置和进程数。
#
# 评判时与两者比较，权重到 1e-5：一个进程在合起来的批上训练，以及 `nn.parallel.DistributedDataParallel`。例子的个数不一定是进程数的倍数；模型里没有批归一化和 `Dropout`。
# 这个练习里，本课的函数和 `torch.distributed` 的任何调用都可以用，`DistributedDataParallel` 除外。
# %% [markdown] lang="en"
# ### Exercise · the distributed trainer · 35 min
# Every process makes a `DistTrainer(args)`; `trainer.train()` trains and returns the loss of each step, and the model is `trainer.model`. All other names are yours.
# - The model is `args.make_model()`, on `args.device`; it is made in every process, with no random seed set; then all take the weights of rank 0.
# - The optimiser is `torch.optim.SGD` with learning rate `args.lr` and momentum `args.momentum`.
# - The data are dealt by a `ShardedSampler` with seed `args.seed`; set its epoch, counted from 0, before each. The batch size of a process is `args.batch_size` divided by the world size, and a last smaller batch is used too.
# - A step: cross-entropy (`F.cross_entropy`), backward, gradients averaged over the processes, one step of the optimiser.
# - The losses returned are the mean over all processes, before the update, one `float` a step, and the same in every process.
# - If `args.checkpoint` isn't `None`: where there is a checkpoint, `train()` begins by going on from it, and it saves one after each epoch (model, optimiser, epoch, the losses so far). All losses from the first epoch on are returned, so they are those of a training that was never interrupted.
# - When another process dies, let the error out: don't catch it, don't try again.
# - `train()` is called once only; a checkpoint comes from the same settings and world size.
#
# You are judged against two things, weights to 1e-5: one process that trains on the joined batches, and `nn.parallel.DistributedDataParallel`. The number of examples needn't be a multiple of the world size; there is no batch norm and no `Dropout` in the models.
# In this exercise the functions of this lesson and all of `torch.distributed` may be used, except `DistributedDataParallel`.
# %% exercise="DistTrainer" difficulty=4 importance=5 minutes=35
class DistTrainer:
    """Trains one model in all processes of the group, each on its shard of the data."""

    def __init__(self, args: DistArgs) -> None:
        # solution
        self.args, self.model = args, args.make_model().to(args.device)
        broadcast_model(self.model)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=args.lr, momentum=args.momentum)
        size, length = dist.get_world_size(), len(args.train_set)  # type: ignore[arg-type]
        self.sampler = ShardedSampler(length, size, dist.get_rank(), seed=args.seed)
        self.loader = DataLoader(args.train_set, args.batch_size // size, sampler=self.sampler)

    def step(self, images: Tensor, labels: Tensor) -> float:
        """One step of all ranks; the mean of their losses before it."""
        # solution
        loss = F.cross_entropy(self.model(images.to(self.args.device)), labels.to(self.args.device))
        self.optimizer.zero_grad()
        loss.backward()
        average_gradients(self.model)
        self.optimizer.step()
        total = loss.detach()
        dist.all_reduce(total)
        return total.item() / dist.get_world_size()

    def train(self) -> list[float]:
        """The loss of every step, from the first epoch on."""
        # solution
        path, losses, begin = self.args.checkpoint, [], 0
        if path and (state := load_checkpoint(path)):
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            begin, losses = state["epoch"], state["losses"]
        for epoch in range(begin, self.args.epochs):
            self.sampler.set_epoch(epoch)
            losses += [self.step(images, labels) for images, labels in self.loader]
            if path:
                state = {"epoch": epoch + 1, "losses": losses, "model": self.model.state_dict()}
                save_checkpoint(path, state | {"optimizer": self.optimizer.state_dict()})
        return losses


def trained(make_trainer: Callable[[DistArgs], Any], args: DistArgs) -> tuple[list[float], nn.Module]:
    """The losses and the model of this rank; rank 0 begins with the same weights in every run."""
    torch.manual_seed(dist.get_rank())
    trainer = make_trainer(args)
    return trainer.train(), trainer.model


if __name__ == "__main__":
    if tests.test_DistTrainer(DistTrainer):
        runs = {n: ranks.run(n, trained, DistTrainer, DistArgs())[0] for n in (1, 3)}  # 3 divides 1437 digits
        vectors = [nn.utils.parameters_to_vector(model.parameters()) for _, model in runs.values()]  # all in one row
        print(f"three processes against one: weights differ by {float((vectors[0] - vectors[1]).abs().max()):.0e}")
        print(f"held-out digits right: {accuracy(runs[3][1], get_digits(train=False)):.0%}")
        figures.two_runs({n: losses for n, (losses, _) in runs.items()}).show()


# %% [markdown] lang="zh" tags=["hint"]
# 画出一步：哪一行是每个进程自己的，哪一行要等大家？只有一个进程时的循环，你在第 2 天写过；现在多了哪两行？
# %% [markdown] lang="en" tags=["hint"]
# Write down one step: which lines are each process's own, and in which does it wait for all? You wrote this loop on day 2 for one process; which two lines are new?
# %% [markdown] lang="zh" tags=["hint"]
# 积木都有了：`broadcast_model`、`ShardedSampler`、`average_gradients`、`load_checkpoint`、`save_checkpoint`。先写没有检查点的，通过了再加。
# %% [markdown] lang="en" tags=["hint"]
# The pieces are there: `broadcast_model`, `ShardedSampler`, `average_gradients`, `load_checkpoint`, `save_checkpoint`. Write it without checkpoints first, then add them.
# %% [markdown] lang="zh" tags=["hint"]
# 从检查点接着训练，四样都要恢复：权重、优化器的状态（动量）、从第几轮开始、已有的损失。
# %% [markdown] lang="en" tags=["hint"]
# To go on from a checkpoint, four things come back: the weights, the optimiser's state (its momentum), the epoch to begin with, the losses so far.
# %% [markdown] lang="zh" tags=["question"] see="DistTrainer"
# 每个进程都存了权重和动量，内存里一样的东西有 $n$ 份。把它们也切成份、各存一份，会怎样？什么时候值得？
# %% [markdown] lang="en" tags=["question"] see="DistTrainer"
# Every process holds weights and momentum, the same things $n$ times over. What if these were cut into shards too, and each process held one? When is that worth it?
# %% [markdown] lang="zh" tags=["answer"]
# 这就是 FSDP，也是 ZeRO 的第 3 级：用到哪一层，才用全收集（all-gather）把那一层的权重凑齐，用完就丢；梯度用归约散发（reduce-scatter），正好是环的两半。
# 权重、梯度和优化器状态的内存约为 $1/n$；通信从两个“半程”变成三个（权重在前向、反向各一次，梯度一次），多一半。这些东西一块 GPU 装不下时，就值得。
# %% [markdown] lang="en" tags=["answer"]
# That is FSDP, and stage 3 of ZeRO: the weights of a layer are put together by an all-gather when they are needed, and thrown away after; gradients go by a reduce-scatter: just the two halves of the ring.
# The memory for weights, gradients and the optimiser's state falls to about $1/n$, and there are three half-rounds of communication instead of two (weights twice, gradients once). It is worth it when all this doesn't fit on one GPU.
# %% [markdown] lang="zh" tags=["question"] see="load_checkpoint"
# 下一格在 rank 1 死过一次之后接着训练。如果忘了恢复优化器的状态，只恢复权重，会怎样？损失会不会一样？先猜，再把你的 `train` 改坏试一试。
# %% [markdown] lang="en" tags=["question"] see="load_checkpoint"
# The next cell goes on with a training after rank 1 has died. What if only the weights came back, and the optimiser's state was forgotten? Would the losses be the same? Guess, then break your `train` and try.
# %% [markdown] lang="zh" tags=["answer"]
# 不一样：动量从 0 重新攒起，接上去的头几步往往小得多，损失曲线在接上的地方有个拐点。训练还是收敛，所以很难发现：这正是要逐位与“没有中断过”比较的原因。
# %% [markdown] lang="en" tags=["answer"]
# They wouldn't: momentum builds up from 0 again, the first steps after it are mostly much smaller, and the curve of the losses has a bend there. The training still converges, so it is hard to notice: just why one compares with a run that was never interrupted.
# %%
class DiesOnce(Dataset):
    """The digits; while `flag` isn't there, rank 1 dies after so many of them, and leaves the flag."""

    def __init__(self, flag: Path, after: int) -> None:
        self.digits, self.flag, self.after, self.taken = get_digits(train=True), flag, after, 0

    def __len__(self) -> int:
        return len(self.digits)

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        self.taken += 1
        if dist.get_rank() == 1 and self.taken > self.after and not self.flag.exists():
            self.flag.touch()
            os._exit(13)
        return self.digits[index]


if __name__ == "__main__":
    if tests.test_DistTrainer(DistTrainer):
        with TemporaryDirectory() as folder:
            args = DistArgs(checkpoint=Path(folder) / "run.pt", train_set=DiesOnce(Path(folder) / "flag", 1000))
            print("first try:", [str(one)[:14] for one in ranks.together(2, trained, DistTrainer, args)])
            resumed, _ = ranks.run(2, trained, DistTrainer, args)[0]
        straight, _ = ranks.run(2, trained, DistTrainer, DistArgs())[0]
        print(
            "steps:",
            len(resumed),
            " largest difference:",
            max(abs(a - b) for a, b in zip(resumed, straight, strict=True)),
        )


# %% [markdown] lang="zh"
# 在终端里，让 `torchrun` 自己来做同一件事（`--die` 让 rank 1 在第二轮里死一次）：
#
# ```
# torchrun --standalone --nproc-per-node=2 --max-restarts=1 train.py --checkpoint run.pt --die
# ```
#
# ## 7 · 这些零件还会回来
#
# `all_reduce`、`all-gather`、`reduce-scatter` 三个词，读大模型的训练报告时常会遇到。把模型本身也分到几块 GPU 上的办法里，FSDP 和张量并行由它们拼成；流水线并行靠的是第 2 节的点对点，一段算完，就发给下一段。
# `save_checkpoint` 那种“先写旁边再改名”，凡是不能写坏的文件都该这样写。
#
# 不看上文，试着说出：rank 和进程数；为什么两个都先发会死锁；表里三种集合通信；环的每一步发哪一块，一共发多少；什么时候平均的平均不是总平均；批归一化为什么不同；程序停住时怎样看；检查点为什么先写旁边。
# 说不出哪一条，就回到哪一格。
#
# **读物**：Shen Li 等，*PyTorch Distributed: Experiences on Accelerating Data Parallel Training*（英文），讲 `DistributedDataParallel` 里的桶和重叠怎样做成。读时想：它量到的最好的桶有多大？
# %% [markdown] lang="en"
# In a terminal `torchrun` does the same by itself (`--die` lets rank 1 die once, in the second epoch):
#
# ```
# torchrun --standalone --nproc-per-node=2 --max-restarts=1 train.py --checkpoint run.pt --die
# ```
#
# ## 7 · Where these pieces come back
#
# The three words `all_reduce`, `all-gather` and `reduce-scatter` come up in most reports on the training of a large model. Of the ways of cutting up the model itself between GPUs, FSDP and tensor parallel training are put together from them; pipeline parallel training sends point to point (section 2), from one part of the model to the next.
# "Beside it first, then rename", as in `save_checkpoint`, is how to write every file that must not be broken.
#
# Without looking back, try to say: rank and world size; why two that both send first are in a deadlock; the three collectives of the table; which chunk is sent in each step of the ring, and how much in all; when a mean of means isn't the mean of all; why batch norm differs; how to look at a program that hangs; why a checkpoint is written beside first.
# Whichever you can't say, go back to its cell.
#
# **Reading**: Shen Li and others, *PyTorch Distributed: Experiences on Accelerating Data Parallel Training* (in English), on how buckets and overlap are made in `DistributedDataParallel`. While you read: how large is the best bucket that they measured?
