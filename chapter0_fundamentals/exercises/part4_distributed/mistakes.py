"""The wrong answers of day 4's third lesson, each explained in a sentence."""

# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false, reportOperatorIssue=false

import math
import os

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn

from coach import mistake
from part4_distributed import solutions

# Point to point


@mistake("send_receive", zh="什么也没有发：每个 `x` 都没有变。", en="Nothing is sent: every `x` stays as it was.")
def sends_nothing(x, src, dst):
    pass


@mistake("send_receive", zh="方向反了：`dst` 发给了 `src`。", en="The wrong direction: `dst` sends to `src`.")
def the_other_way(x, src, dst):
    solutions.send_receive(x, dst, src)


@mistake(
    "send_receive",
    zh="rank 不是 `src` 的都在收：`src` 只发了一次，旁观的进程永远等着。",
    en="Every rank but `src` receives: `src` sends once, and those who should look on wait for ever.",
)
def everybody_receives(x, src, dst):
    if dist.get_rank() == src:
        dist.send(x, dst)
    else:
        dist.recv(x, src)


@mistake(
    "send_receive",
    zh="发给了每个进程：只有 `dst` 的 `x` 该变。",
    en="It is sent to every process: only `x` of `dst` should change.",
)
def to_everybody(x, src, dst):
    if src != dst:
        solutions.broadcast(x, src)


@mistake(
    "send_receive",
    zh="用的是 `torch.distributed` 的集合通信：这里只有两个进程通信，用 `send` 和 `recv`。",
    en="It uses a collective of `torch.distributed`: only two processes communicate here, by `send` and `recv`.",
)
def by_collective(x, src, dst):
    dist.broadcast(x if dist.get_rank() in (src, dst) else x.clone(), src)


@mistake(
    "send_receive",
    zh="收到的数在一个新张量里，`x` 没有变：要写进传入的 `x`。",
    en="What is received goes to a new tensor and `x` stays as it was: write into the `x` that was passed in.",
)
def into_another(x, src, dst):
    solutions.send_receive(x.clone(), src, dst)


@mistake(
    "send_receive",
    zh="只认得 0 和 1：`src` 和 `dst` 没有用上。",
    en="It knows ranks 0 and 1 only: `src` and `dst` aren't used.",
)
def zero_to_one(x, src, dst):
    solutions.send_receive(x, 0, 1)


@mistake(
    "send_receive",
    zh="`src == dst` 时还在发给自己：那时什么也不该发。",
    en="Where `src == dst` it sends to itself: nothing should be sent then.",
)
def to_itself(x, src, dst):
    rank = dist.get_rank()
    if rank == src:
        dist.send(x, dst)
    elif rank == dst:
        dist.recv(x, src)


@mistake(
    "send_receive",
    zh="`isend` 和 `irecv` 之后没有 `wait()`：返回时数可能还没有到。",
    en="There is no `wait()` after `isend` and `irecv`: the numbers may not be there yet when it returns.",
)
def never_waits(x, src, dst):
    rank = dist.get_rank()
    if rank == src != dst:
        dist.isend(x, dst)
    elif rank == dst != src:
        dist.irecv(x, src)


@mistake(
    "send_receive",
    zh="`dst` 在等自己发来的：`recv` 的第二个参数是发的一方，即 `src`。",
    en="`dst` waits for a message from itself: the second argument of `recv` is who sends, which is `src`.",
)
def receives_from_dst(x, src, dst):
    rank = dist.get_rank()
    if rank == src != dst:
        dist.send(x, dst)
    elif rank == dst != src:
        dist.recv(x, dst)


@mistake(
    "send_receive",
    zh="多发了一次：`dst` 收到之后又发回给 `src`。",
    en="One message too many: after receiving, `dst` sends it back to `src`.",
)
def there_and_back(x, src, dst):
    solutions.send_receive(x, src, dst)
    solutions.send_receive(x, dst, src)


@mistake(
    "send_receive",
    zh="旁观的进程也在等 `src`：`else` 应为 `elif`，只有 `dst` 才收。",
    en="Those who should look on wait for `src` as well: only `dst` receives, so `else` should be `elif`.",
)
def onlookers_receive(x, src, dst):
    if src != dst:
        everybody_receives(x, src, dst)


@mistake(
    "send_receive",
    zh="路上的数是 `float32`：`float64` 的丢了一半的位数。",
    en="The numbers are `float32` on their way: those of `float64` lose digits.",
)
def in_single_precision(x, src, dst):
    message = x.float()
    solutions.send_receive(message, src, dst)
    if dist.get_rank() == dst != src:
        x.copy_(message)


@mistake(
    "send_receive",
    zh="收的张量是 `torch.zeros` 或 `torch.empty` 的默认类型 `float32`：`float64` 的消息更长，放不下。",
    en="It receives into a `float32`, the default dtype of `torch.zeros` and `torch.empty`: a message of `float64` is longer, and doesn't fit.",
)
def into_single_precision(x, src, dst):
    message = x if dist.get_rank() == src else torch.zeros(x.shape)
    solutions.send_receive(message, src, dst)
    if dist.get_rank() == dst != src:
        x.copy_(message)


@mistake(
    "send_receive",
    zh="每个数发了一次：整个 `x` 一次就能发完。",
    en="Every number is a message of its own: all of `x` goes in one.",
)
def number_by_number(x, src, dst):
    for number in x.view(-1).split(1):
        solutions.send_receive(number, src, dst)


def neighbours():
    rank, size = dist.get_rank(), dist.get_world_size()
    return (rank + 1) % size, (rank - 1) % size


@mistake(
    "shift",
    zh="每个进程都先 `send`：都在等对方来收，成了死锁。",
    en="Every process begins with `send`: each waits for another to receive, a deadlock.",
)
def all_send_first(outgoing, incoming):
    right, left = neighbours()
    dist.send(outgoing, right)
    dist.recv(incoming, left)


@mistake(
    "shift",
    zh="每个进程都先 `recv`：还没有谁发过，成了死锁。",
    en="Every process begins with `recv`: nobody has sent anything, a deadlock.",
)
def all_receive_first(outgoing, incoming):
    right, left = neighbours()
    dist.recv(incoming, left)
    dist.send(outgoing, right)


@mistake(
    "shift",
    zh="传反了：发给了左邻，从右邻收。",
    en="The other way round: it sends to the left, and receives from the right.",
)
def to_the_left(outgoing, incoming):
    right, left = neighbours()
    for request in (dist.isend(outgoing, left), dist.irecv(incoming, right)):
        request.wait()


@mistake(
    "shift",
    zh="两个请求都没有 `wait()`：返回时数可能还没有到。",
    en="Neither request is awaited: the numbers may not be there when it returns.",
)
def shift_never_waits(outgoing, incoming):
    right, left = neighbours()
    dist.isend(outgoing, right)
    dist.irecv(incoming, left)


@mistake(
    "shift",
    zh="只等了收，没有等发：`outgoing` 可能还没有送完就被改掉。",
    en="Only the receiving is awaited: `outgoing` might be changed before it has left.",
)
def waits_for_one(outgoing, incoming):
    right, left = neighbours()
    dist.isend(outgoing, right)
    dist.irecv(incoming, left).wait()


@mistake(
    "shift",
    zh="只等了发，没有等收：返回时 `incoming` 可能还没有到。",
    en="Only the sending is awaited: `incoming` may not be there when it returns.",
)
def waits_for_the_other(outgoing, incoming):
    right, left = neighbours()
    request = dist.irecv(incoming, left)
    dist.isend(outgoing, right).wait()
    return request


@mistake(
    "shift",
    zh="没有绕回来：最后一个进程没有右邻，rank 0 没有左邻。",
    en="It doesn't go round: the last process sends to nobody, and rank 0 receives nothing.",
)
def a_line(outgoing, incoming):
    rank, size = dist.get_rank(), dist.get_world_size()
    requests = [dist.isend(outgoing, rank + 1)] if rank < size - 1 else []
    requests += [dist.irecv(incoming, rank - 1)] if rank else []
    for request in requests:
        request.wait()


@mistake(
    "shift",
    zh="`incoming` 里是自己的 `outgoing`：没有通信。",
    en="`incoming` gets this process's own `outgoing`: there is no communication.",
)
def copies(outgoing, incoming):
    incoming.view(-1)[: outgoing.numel()] = outgoing.view(-1)[: incoming.numel()]


@mistake(
    "shift",
    zh="收到的数写进了 `outgoing`，`incoming` 没有变。",
    en="What is received goes to `outgoing`, and `incoming` stays as it was.",
)
def into_outgoing(outgoing, incoming):
    solutions.shift(outgoing.clone(), received := torch.empty_like(incoming))
    n = min(outgoing.numel(), received.numel())
    outgoing.view(-1)[:n] = received.view(-1)[:n]


@mistake(
    "shift",
    zh="`incoming` 被换成了新张量：只是换了名字，调用者的没有变。",
    en="`incoming` is given a new tensor: only the name moves, and the caller's stays as it was.",
)
def renames(outgoing, incoming):
    received = torch.empty_like(incoming)
    solutions.shift(outgoing, received)
    incoming = received


@mistake(
    "shift",
    zh="收的张量与 `outgoing` 一样大：左邻发来的大小可以不同。",
    en="It receives into a tensor as large as `outgoing`: what comes from the left may have another size.",
)
def room_for_its_own(outgoing, incoming):
    received = torch.zeros_like(outgoing)
    solutions.shift(outgoing, received)
    incoming.copy_(received)


@mistake(
    "shift",
    zh="没有数要发的进程马上就返回了：它还要收左邻发来的，右邻也在等它（空的也要发）。",
    en="A process that has no number to send returns at once: it still has to receive from the left, and its right neighbour waits for it, even for an empty tensor.",
)
def leaves_when_empty(outgoing, incoming):
    if outgoing.numel():
        solutions.shift(outgoing, incoming)


@mistake(
    "shift",
    zh="`outgoing` 也被收到的数盖掉了：它应当不变。",
    en="`outgoing` is overwritten by what was received, too: it should stay as it was.",
)
def overwrites_outgoing(outgoing, incoming):
    solutions.shift(outgoing.clone(), incoming)
    if outgoing.shape == incoming.shape:
        outgoing.copy_(incoming)


@mistake(
    "shift",
    zh="发完之后 `outgoing` 被清零了：它应当不变。",
    en="`outgoing` is set to 0 once it has been sent: it should stay as it was.",
)
def empties_outgoing(outgoing, incoming):
    solutions.shift(outgoing, incoming)
    outgoing.zero_()


@mistake(
    "shift",
    zh="右邻没有对进程数取余数：最后一个进程要发给一个不存在的 rank。",
    en="The right neighbour isn't taken as a remainder: the last process sends to a rank that doesn't exist.",
)
def beyond_the_last(outgoing, incoming):
    rank, size = dist.get_rank(), dist.get_world_size()
    for request in (dist.isend(outgoing, rank + 1), dist.irecv(incoming, (rank - 1) % size)):
        request.wait()


@mistake(
    "shift",
    zh="用集合通信收集了所有进程的：这里只用点对点的调用。",
    en="It gathers everything by a collective: here only point-to-point calls are allowed.",
)
def by_gather(outgoing, incoming):
    size = dist.get_world_size()
    found = [None] * size
    dist.all_gather_object(found, outgoing)
    incoming.copy_(found[dist.get_rank() - 1])


# Collectives


@mistake(
    "broadcast",
    zh="每个 `x` 都没有变：什么也没有发，或者收到的不在传入的 `x` 里。",
    en="Every `x` stays as it was: nothing is sent, or what is received isn't written into `x`.",
)
def broadcasts_nothing(x, src=0):
    pass


@mistake(
    "broadcast",
    zh="`src` 没有用上：播的总是 rank 0 的。",
    en="`src` isn't used: what is broadcast is always that of rank 0.",
)
def always_from_zero(x, src=0):
    solutions.broadcast(x, 0)


@mistake(
    "broadcast",
    zh="只发给了右邻一个：其余的进程没有得到。",
    en="It reaches the right neighbour only: the other processes get nothing.",
)
def to_the_next_only(x, src=0):
    solutions.send_receive(x, src, (src + 1) % dist.get_world_size())


@mistake(
    "broadcast",
    zh="`src` 也发给自己：谁也不收，它报错或停住。",
    en="`src` sends to itself as well: nobody receives that, and it fails or waits.",
)
def to_itself_too(x, src=0):
    if dist.get_rank() == src:
        for other in range(dist.get_world_size()):
            dist.send(x, other)
    else:
        dist.recv(x, src)


@mistake(
    "broadcast",
    zh="循环从 1 开始，等于假定 `src` 是 0：rank 0 收不到。",
    en="The loop over receivers begins with 1, as if `src` were 0: rank 0 gets nothing, and some wait for ever.",
)
def from_one_on(x, src=0):
    if dist.get_rank() == src:
        for other in range(1, dist.get_world_size()):
            if other != src:
                dist.send(x, other)
    elif dist.get_rank():
        dist.recv(x, src)


@mistake(
    "broadcast",
    zh="漏了最后一个进程：`range(world_size - 1)` 到不了它。",
    en="The last process is left out: `range(world_size - 1)` doesn't reach it.",
)
def without_the_last(x, src=0):
    last = dist.get_world_size() - 1
    if dist.get_rank() == src:
        for other in range(last):
            if other != src:
                dist.send(x, other)
    elif dist.get_rank() != last:
        dist.recv(x, src)


@mistake(
    "broadcast",
    zh="调用了 `torch.distributed` 的集合通信（如 `dist.broadcast`）：这里要自己用点对点的调用写。",
    en="It calls a collective of `torch.distributed`, such as `dist.broadcast`: here you write it yourself with point-to-point calls.",
)
def by_torchs_broadcast(x, src=0):
    dist.broadcast(x, src)


@mistake(
    "broadcast",
    zh="树少走了一轮：进程数不是 2 的幂时，后面的没有收到。",
    en="The tree is a round short: with a world size that is no power of 2 the later ones get nothing.",
)
def a_round_short(x, src=0):
    size, reached = dist.get_world_size(), 1
    place = (dist.get_rank() - src) % size
    for _ in range(int(math.log2(size))):
        if place < reached and place + reached < size:
            dist.send(x, (place + reached + src) % size)
        elif reached <= place < 2 * reached:
            dist.recv(x, (place - reached + src) % size)
        reached *= 2


@mistake(
    "broadcast",
    zh="每个进程都从左邻收，却没有人先发：死锁。",
    en="Every process waits for its left neighbour, `src` too: nobody begins, a deadlock.",
)
def nobody_begins(x, src=0):
    right, left = neighbours()
    dist.recv(x, left)
    dist.send(x, right)


@mistake(
    "broadcast",
    zh="发的是平均值：播出要的是 rank `src` 的数，一位不改。",
    en="What arrives is the mean of all: a broadcast hands on the numbers of rank `src` as they are.",
)
def mean_of_all(x, src=0):
    total = x.double()
    solutions.all_reduce(total, "mean")
    x.copy_(total)


@mistake(
    "broadcast",
    zh="用 `isend` 发了，却没有 `wait()`：返回时可能还没有送完。",
    en="It sends by `isend` without a `wait()`: they may not have left when it returns.",
)
def broadcast_never_waits(x, src=0):
    if dist.get_rank() != src:
        dist.recv(x, src)
        return
    for other in range(dist.get_world_size()):
        if other != src:
            dist.isend(x, other)


def tree(x, src, *, place, rank, exists=True):
    """A tree with a choice of faults: `place(r, n)` of rank r, and `rank(p, n)` at place p."""
    size, reached = dist.get_world_size(), 1
    mine = place(dist.get_rank(), size)
    while reached < size:
        if mine < reached and (mine + reached < size or not exists):
            dist.send(x, rank(mine + reached, size))
        elif reached <= mine < 2 * reached:
            dist.recv(x, rank(mine - reached, size))
        reached *= 2


@mistake(
    "broadcast",
    zh="树的最后一轮没有看对方在不在：进程数不是 2 的幂时，有的发给了已经有 `x` 的，谁也不收。",
    en="In the last round of the tree nobody looks whether the receiver exists: with a world size that is no power of 2 some send to one that has `x` already and doesn't receive.",
)
def to_places_beyond(x, src=0):
    tree(x, src, place=lambda r, n: (r - src) % n, rank=lambda p, n: (p + src) % n, exists=False)


@mistake(
    "broadcast",
    zh="树里的位置是 rank 加 `src`：应当减。`src` 是 0 或者只有两个进程时看不出来。",
    en="The place in the tree is the rank plus `src` where it should be minus: right by chance for a `src` of 0, and for two processes.",
)
def place_by_sum(x, src=0):
    tree(x, src, place=lambda r, n: (r + src) % n, rank=lambda p, n: (p - src) % n)


@mistake(
    "broadcast",
    zh="树里的位置没有换回 rank：要加上 `src` 再取余数。",
    en="A place in the tree is taken for a rank: `src` has to be added again, and the remainder taken.",
)
def place_for_rank(x, src=0):
    tree(x, src, place=lambda r, n: (r - src) % n, rank=lambda p, n: p)


@mistake(
    "broadcast",
    zh="路上的数是 `float32`：`float64` 和大的整数丢了位数。",
    en="The numbers are `float32` on their way: those of `float64`, and large integers, lose digits.",
)
def broadcast_in_single_precision(x, src=0):
    message = x.float()
    solutions.broadcast(message, src)
    x.copy_(message) if dist.get_rank() != src else None


@mistake(
    "broadcast",
    zh="收的张量是默认类型 `float32`：`float64` 和整数的消息更长，放不下。",
    en="It receives into a `float32`, whatever `x` is: messages of `float64` and of integers are longer, and don't fit.",
)
def broadcast_into_single_precision(x, src=0):
    message = x if dist.get_rank() == src else torch.zeros(x.shape)
    solutions.broadcast(message, src)
    x.copy_(message)


def reduced(x, dst, op, *, divisor=None, keep_own=True, check=True, changes_others=False):
    """A reduce with a choice of faults."""
    if check:
        solutions.check_op(op)
    size = dist.get_world_size()
    if dist.get_rank() != dst:
        dist.send(x, dst)
        if changes_others:
            x.zero_()
        return
    part, total = torch.empty_like(x), x.clone() if keep_own else torch.zeros_like(x)
    for other in range(size):
        if other != dst:
            dist.recv(part, other)
            total += part
    if op == "mean":
        total /= size if divisor is None else divisor
    x.copy_(total)


@mistake("reduce", zh="`dst` 没有用上：和总在 rank 0。", en="`dst` isn't used: the sum is always in rank 0.")
def always_to_zero(x, dst=0, op="sum"):
    solutions.reduce(x, 0, op)


@mistake("reduce", zh="`op` 没有用上：总是求和。", en="`op` isn't used: it always sums.")
def always_sums(x, dst=0, op="sum"):
    solutions.check_op(op)
    solutions.reduce(x, dst)


@mistake("reduce", zh="`op` 没有用上：总是求平均。", en="`op` isn't used: it always takes the mean.")
def always_means(x, dst=0, op="sum"):
    solutions.check_op(op)
    solutions.reduce(x, dst, "mean")


@mistake(
    "reduce",
    zh="直接收进 `x`：每收一次就盖掉前面的，没有相加。",
    en="It receives into `x` itself: each message overwrites the one before, and nothing is added.",
)
def overwrites(x, dst=0, op="sum"):
    solutions.check_op(op)
    if dist.get_rank() != dst:
        dist.send(x, dst)
        return
    for other in range(dist.get_world_size()):
        if other != dst:
            dist.recv(x, other)
    if op == "mean":
        x /= dist.get_world_size()


@mistake("reduce", zh="漏了 rank `dst` 自己的数。", en="The numbers of rank `dst` itself are left out.")
def without_its_own(x, dst=0, op="sum"):
    reduced(x, dst, op, keep_own=False)


@mistake(
    "reduce",
    zh="平均除以的是别的进程的个数：少除了自己一个。",
    en="The mean divides by how many others there are: one too few.",
)
def divides_by_one_less(x, dst=0, op="sum"):
    reduced(x, dst, op, divisor=dist.get_world_size() - 1)


@mistake(
    "reduce",
    zh="`x = x + part` 只换了名字：调用者的 `x` 没有变。",
    en="`x = x + part` only moves the name: the caller's `x` stays as it was.",
)
def adds_to_a_name(x, dst=0, op="sum"):
    reduced(x.clone(), dst, op)


@mistake(
    "reduce",
    zh="其余进程的 `x` 也变成了和：那是全归约；这里它们应当不变。",
    en="The other processes' `x` become the sum as well: that is an all-reduce; here they should stay as they were.",
)
def everywhere(x, dst=0, op="sum"):
    solutions.all_reduce(x, op)


@mistake(
    "reduce",
    zh="不认识的 `op` 没有报错，按求和处理了。",
    en="An unknown `op` raises no error and is taken as a sum.",
)
def any_op(x, dst=0, op="sum"):
    reduced(x, dst, op, check=False)


@mistake(
    "reduce",
    zh="只有 rank `dst` 检查 `op`：别的进程已经发出去，没有报错。",
    en="Only rank `dst` checks `op`: the others have sent theirs already, and raise nothing.",
)
def checks_in_dst_only(x, dst=0, op="sum"):
    if dist.get_rank() == dst:
        solutions.check_op(op)
    reduced(x, dst, op, check=False)


@mistake(
    "reduce",
    zh="先通信，最后才检查 `op`：报错之前已经发过。",
    en="`op` is checked at the end: by then things have been sent.",
)
def checks_last(x, dst=0, op="sum"):
    reduced(x, dst, op, check=False)
    solutions.check_op(op)


@mistake(
    "reduce",
    zh="调用了 `torch.distributed` 的集合通信（如 `dist.reduce`）：这里要自己用点对点的调用写。",
    en="It calls a collective of `torch.distributed`, such as `dist.reduce`: here you write it yourself with point-to-point calls.",
)
def by_torchs_reduce(x, dst=0, op="sum"):
    solutions.check_op(op)
    kept = x.clone()
    dist.reduce(kept, dst)
    if dist.get_rank() == dst:
        x.copy_(kept / (dist.get_world_size() if op == "mean" else 1))


@mistake(
    "reduce",
    zh="平均除了两次：每个进程先除了一次，`dst` 又除一次。",
    en="The mean divides twice: in every process, and in `dst` once more.",
)
def divides_twice(x, dst=0, op="sum"):
    size = dist.get_world_size()
    reduced(x, dst, op, divisor=size * size)


@mistake(
    "reduce",
    zh="发出之后，其余进程的 `x` 被清零：它们应当不变。",
    en="The other processes' `x` are set to 0 after sending: they should stay as they were.",
)
def empties_the_others(x, dst=0, op="sum"):
    reduced(x, dst, op, changes_others=True)


@mistake(
    "reduce",
    zh="求平均时每个进程都就地除了自己的 `x`：除 `dst` 外都应当不变。",
    en="For the mean every process divides its own `x` in place: all but that of `dst` should stay as they were.",
)
def every_process_divides(x, dst=0, op="sum"):
    solutions.check_op(op)
    if op == "mean":
        x /= dist.get_world_size()
    solutions.reduce(x, dst)


@mistake(
    "reduce",
    zh="所有消息收进同一个张量，收齐之后才加：最后收到的加了好几次，别的丢了。",
    en="All messages are received into one tensor, and added when all are there: the last one counts several times, and the others are lost.",
)
def one_room_for_all(x, dst=0, op="sum"):
    solutions.check_op(op)
    others = [rank for rank in range(dist.get_world_size()) if rank != dst]
    if dist.get_rank() != dst:
        dist.send(x, dst)
        return
    part = torch.empty_like(x)
    for other in others:
        dist.recv(part, other)
    x += part * len(others)
    if op == "mean":
        x /= len(others) + 1


def chain(x, dst, op, by):
    """The sum is handed on from rank to rank, and left in everybody's `x`."""
    solutions.check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    away = by * (rank - dst) % size
    if away < size - 1:
        part = torch.empty_like(x)
        dist.recv(part, (rank + by) % size)
        x += part
    if away:
        dist.send(x, (rank - by) % size)
    elif op == "mean":
        x /= size


@mistake(
    "reduce",
    zh="和从右往左传，路上的进程把收到的加进了自己的 `x`：它们应当不变。",
    en="The sum is handed on to the left, and those on the way add it to their own `x`: these should stay as they were.",
)
def adds_on_the_way_left(x, dst=0, op="sum"):
    chain(x, dst, op, 1)


@mistake(
    "reduce",
    zh="和从左往右传，路上的进程把收到的加进了自己的 `x`：它们应当不变。",
    en="The sum is handed on to the right, and those on the way add it to their own `x`: these should stay as they were.",
)
def adds_on_the_way_right(x, dst=0, op="sum"):
    chain(x, dst, op, -1)


@mistake(
    "reduce",
    zh="平均是一个一个取的，每加一个就除以 2：只有两个进程时才对。",
    en="The mean is taken one by one, each time by a division by 2: right for two processes only.",
)
def mean_pair_by_pair(x, dst=0, op="sum"):
    solutions.check_op(op)
    if dist.get_rank() != dst:
        dist.send(x, dst)
        return
    part = torch.empty_like(x)
    for other in range(dist.get_world_size()):
        if other != dst:
            dist.recv(part, other)
            x.copy_((x + part) / (2 if op == "mean" else 1))


@mistake(
    "reduce",
    zh="`op` 一点没有用上：总是求和，不认识的也不报错。",
    en="`op` isn't used at all: it always sums, and an unknown one raises no error.",
)
def ignores_op(x, dst=0, op="sum"):
    reduced(x, dst, "sum")


@mistake(
    "reduce",
    zh="收的张量是默认类型 `float32`：`float64` 的消息更长，放不下。",
    en="It receives into a `float32`, whatever `x` is: messages of `float64` are longer, and don't fit.",
)
def reduce_into_single_precision(x, dst=0, op="sum"):
    solutions.check_op(op)
    if dist.get_rank() != dst:
        dist.send(x, dst)
        return
    part = torch.zeros(x.shape)
    for other in range(dist.get_world_size()):
        if other != dst:
            dist.recv(part, other)
            x += part
    if op == "mean":
        x /= dist.get_world_size()


@mistake(
    "all_reduce",
    zh="只有 rank 0 得到了和：少了播出。",
    en="Only rank 0 gets the sum: the broadcast is missing.",
)
def reduce_only(x, op="sum"):
    solutions.reduce(x, 0, op)


@mistake(
    "all_reduce", zh="没有求和：只是把 rank 0 的播给了大家。", en="Nothing is summed: rank 0's is broadcast as it is."
)
def broadcast_only(x, op="sum"):
    solutions.check_op(op)
    solutions.broadcast(x, 0)


@mistake(
    "all_reduce",
    zh="先播出再归约：大家都先变成了 rank 0 的数。",
    en="It broadcasts first and reduces then: all have become rank 0's.",
)
def broadcast_first(x, op="sum"):
    solutions.check_op(op)
    solutions.broadcast(x, 0)
    solutions.reduce(x, 0, op)


@mistake("all_reduce", zh="`op` 没有传下去：总是求和。", en="`op` isn't passed on: it always sums.")
def all_sums(x, op="sum"):
    solutions.check_op(op)
    solutions.all_reduce(x)


@mistake(
    "all_reduce",
    zh="播出的不是和所在的 rank：和在 rank 0，播的却是最后一个。",
    en="The broadcast comes from the wrong rank: the sum is in rank 0, and the last one is broadcast.",
)
def from_the_wrong_rank(x, op="sum"):
    solutions.reduce(x, 0, op)
    solutions.broadcast(x, dist.get_world_size() - 1)


@mistake(
    "all_reduce",
    zh="调用了 `torch.distributed` 的集合通信（如 `dist.all_reduce`）：这里要自己用点对点的调用写。",
    en="It calls a collective of `torch.distributed`, such as `dist.all_reduce`: here you write it yourself with point-to-point calls.",
)
def by_torchs_all_reduce(x, op="sum"):
    solutions.check_op(op)
    dist.all_reduce(x)
    if op == "mean":
        x /= dist.get_world_size()


@mistake("all_reduce", zh="平均除了两次。", en="The mean divides twice.")
def all_divides_twice(x, op="sum"):
    solutions.all_reduce(x, op)
    if op == "mean":
        x /= dist.get_world_size()


@mistake(
    "all_reduce",
    zh="平均只在 rank 0 里除，而且是在播出之后：别的进程得到的是和。",
    en="Only rank 0 divides, and after the broadcast: the others have the sum.",
)
def divides_in_zero_only(x, op="sum"):
    solutions.check_op(op)
    solutions.all_reduce(x)
    if op == "mean" and dist.get_rank() == 0:
        x /= dist.get_world_size()


@mistake(
    "all_reduce",
    zh="结果在一个新张量里，传入的 `x` 没有变。",
    en="The result is in a new tensor, and the `x` that was passed in stays as it was.",
)
def returns_only(x, op="sum"):
    total = x.clone()
    solutions.all_reduce(total, op)
    return total


@mistake("all_reduce", zh="不认识的 `op` 没有报错。", en="An unknown `op` raises no error.")
def all_any_op(x, op="sum"):
    solutions.all_reduce(x, "mean" if op == "mean" else "sum")


@mistake(
    "all_reduce",
    zh="`reduce` 由 rank 0 一个进程调用：别的进程没有来，它永远等着。",
    en="Only rank 0 calls `reduce`: the others never come, and it waits for ever.",
)
def reduce_in_zero_only(x, op="sum"):
    solutions.check_op(op)
    if dist.get_rank() == 0:
        solutions.reduce(x, 0, op)
    solutions.broadcast(x, 0)


@mistake(
    "all_reduce",
    zh="每个进程只加了左邻的：两个进程时对，多了就漏。",
    en="Each process adds its left neighbour's only: right for two processes, too little for more.",
)
def adds_one_neighbour(x, op="sum"):
    solutions.check_op(op)
    incoming = torch.empty_like(x)
    solutions.shift(x.clone(), incoming)
    x += incoming
    if op == "mean":
        x /= dist.get_world_size()


@mistake(
    "all_reduce",
    zh="`op` 一点没有用上：总是求和，不认识的也不报错。",
    en="`op` isn't used at all: it always sums, and an unknown one raises no error.",
)
def all_ignore_op(x, op="sum"):
    solutions.all_reduce(x)


@mistake(
    "all_reduce",
    zh="传下去的是加到一半的和，不是各自原来的 `x`：三个进程起，有的数加了不止一次。",
    en="What is passed on is the sum so far, and not each one's own `x`: with three processes or more some numbers count more than once.",
)
def passes_the_sum_so_far(x, op="sum"):
    solutions.check_op(op)
    for _ in range(dist.get_world_size() - 1):
        incoming = torch.empty_like(x)
        solutions.shift(x, incoming)
        x += incoming
    if op == "mean":
        x /= dist.get_world_size()


# The ring


@mistake(
    "chunk_sizes",
    zh="多出来的丢掉了：各块加起来不到 `numel`。",
    en="What is left over is dropped: the sizes don't add up to `numel`.",
)
def drops_the_rest(numel, world_size):
    return [numel // world_size] * world_size


@mistake("chunk_sizes", zh="多出来的全给了最后一块。", en="All that is left over goes to the last chunk.")
def rest_to_the_last(numel, world_size):
    size = numel // world_size
    return [size] * (world_size - 1) + [numel - size * (world_size - 1)]


@mistake(
    "chunk_sizes",
    zh="多出来的全给了第一块：应当一块给一个。",
    en="All that is left over goes to the first chunk: give one to each.",
)
def rest_to_the_first(numel, world_size):
    return rest_to_the_last(numel, world_size)[::-1]


@mistake(
    "chunk_sizes",
    zh="大的块在后面：应当从前往后给。",
    en="The larger chunks come last: what is left over goes to the first ones.",
)
def larger_last(numel, world_size):
    return solutions.chunk_sizes(numel, world_size)[::-1]


@mistake(
    "chunk_sizes",
    zh="每块都向上取整：加起来超过了 `numel`。",
    en="Every size is rounded up: they add up to more than `numel`.",
)
def all_rounded_up(numel, world_size):
    return [math.ceil(numel / world_size)] * world_size


@mistake(
    "chunk_sizes",
    zh="前面的块都向上取整，最后剩多少是多少：各块可以差不止 1，块数也可能不够。",
    en="The first chunks are rounded up and the rest takes what remains, as `torch.chunk` does: sizes differ by more than 1, and there may be too few.",
)
def as_torch_chunk(numel, world_size):
    return [len(part) for part in torch.empty(numel).chunk(world_size)] if numel else [0] * world_size


@mistake(
    "chunk_sizes",
    zh="前面的块都向上取整，直到分完：各块可以差不止 1。",
    en="Chunks are rounded up until nothing is left, and the others are smaller or 0: sizes differ by more than 1.",
)
def rounded_up_until_nothing_is_left(numel, world_size):
    size = math.ceil(numel / world_size)
    return [min(size, max(numel - i * size, 0)) for i in range(world_size)]


@mistake(
    "chunk_sizes",
    zh="大小是向下取整的边界之差：多出来的没有给前面的块。",
    en="The sizes are differences of bounds that are rounded down: what is left over doesn't go to the first chunks.",
)
def between_lower_bounds(numel, world_size):
    return [(i + 1) * numel // world_size - i * numel // world_size for i in range(world_size)]


@mistake(
    "chunk_sizes",
    zh="大小是向上取整的边界之差：大的块不都在前面。",
    en="The sizes are differences of bounds that are rounded up: not all of the larger chunks come first.",
)
def between_upper_bounds(numel, world_size):
    bounds = [-(-i * numel // world_size) for i in range(world_size + 1)]
    return [bounds[i + 1] - bounds[i] for i in range(world_size)]


@mistake(
    "chunk_sizes",
    zh="大小是四舍五入的边界之差：大的块不都在前面。",
    en="The sizes are differences of bounds that are rounded to the nearest: not all of the larger chunks come first.",
)
def between_rounded_bounds(numel, world_size):
    bounds = [round(i * numel / world_size) for i in range(world_size + 1)]
    return [bounds[i + 1] - bounds[i] for i in range(world_size)]


@mistake(
    "chunk_sizes",
    zh="空的块没有列出来：块数总是 `world_size`。",
    en="Empty chunks aren't listed: there are always `world_size` of them.",
)
def without_empty_ones(numel, world_size):
    return [size for size in solutions.chunk_sizes(numel, world_size) if size]


@mistake(
    "chunk_sizes", zh="返回的是各块的起点，不是大小。", en="It returns where the chunks begin, not how large they are."
)
def beginnings(numel, world_size):
    sizes = solutions.chunk_sizes(numel, world_size)
    return [sum(sizes[:i]) for i in range(world_size)]


@mistake(
    "chunk_sizes",
    zh="至少给每块一个：`numel` 比块数少时，加起来就多了。",
    en="Each chunk gets one at least: with fewer numbers than chunks they add up to too many.",
)
def at_least_one(numel, world_size):
    return [max(1, size) for size in solutions.chunk_sizes(numel, world_size)]


@mistake("chunk_sizes", zh="用了 `/`，大小成了小数。", en="It divides by `/`: the sizes are fractions.")
def fractions(numel, world_size):
    return [numel / world_size] * world_size


@mistake(
    "chunk_sizes",
    zh="多给了一块：`i <= more` 应为 `i < more`。",
    en="One chunk too many is made larger, as `i <= more` does where `i < more` is meant.",
)
def one_more_larger(numel, world_size):
    size, more = divmod(numel, world_size)
    return [size + (i <= more) for i in range(world_size)]


@mistake("chunk_sizes", zh="两个参数的角色颠倒了。", en="The two arguments have changed their parts.")
def arguments_swapped(numel, world_size):
    return solutions.chunk_sizes(world_size, numel) if numel else []


def ring(x, op, *, gather=True, steps=None, shift_by=1, average=None, add=None, check=True, passing=None, whole=False):
    """A ring with a choice of faults."""
    if check:
        solutions.check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    chunks = x.view(-1).split([x.numel()] * 1 if whole else solutions.chunk_sizes(x.numel(), size))
    n = len(chunks)
    for step in range(2 * (size - 1) if steps is None else steps(size)):
        outgoing, mine = chunks[(rank - step) % n], chunks[(rank - step - shift_by) % n]
        incoming = torch.empty_like(mine)
        (passing or solutions.shift)(outgoing.clone(), incoming)
        adding = step < size - 1 if add is None else add(step, size)
        if adding:
            mine += incoming
        elif gather:
            mine.copy_(incoming)
    if op == "mean":
        x /= size if average is None else average(size)


@mistake(
    "ring_all_reduce",
    zh="只走了前一半：每个进程只有一块加齐了。",
    en="Only the first half: each process has one finished chunk.",
)
def half_the_way(x, op="sum"):
    ring(x, op, steps=lambda size: size - 1)


@mistake(
    "ring_all_reduce",
    zh="后一半还在相加：加齐的块要照抄。",
    en="It still adds in the second half: finished chunks are to be copied.",
)
def always_adds(x, op="sum"):
    ring(x, op, add=lambda step, size: True)


@mistake(
    "ring_all_reduce",
    zh="前一半就在照抄：没有相加。",
    en="It copies in the first half already: nothing is added.",
)
def never_adds(x, op="sum"):
    ring(x, op, add=lambda step, size: False)


@mistake(
    "ring_all_reduce",
    zh="前一半少走一步：最后一份没有加进去。",
    en="The first half is one step short: the last share isn't added.",
)
def one_step_short(x, op="sum"):
    ring(x, op, add=lambda step, size: step < size - 2)


@mistake(
    "ring_all_reduce",
    zh="前一半多走一步：有一份加了两次。",
    en="The first half is one step too long: a share is added twice.",
)
def one_step_long(x, op="sum"):
    ring(x, op, add=lambda step, size: step < size)


@mistake(
    "ring_all_reduce",
    zh="后一半少走一步：每个进程还有一块没有加齐。",
    en="The second half is one step short: one chunk of each process isn't finished.",
)
def gather_short(x, op="sum"):
    ring(x, op, steps=lambda size: 2 * size - 3)


@mistake("ring_all_reduce", zh="`op` 没有用上：总是求和。", en="`op` isn't used: it always sums.")
def ring_sums(x, op="sum"):
    solutions.check_op(op)
    ring(x, "sum")


@mistake("ring_all_reduce", zh="不认识的 `op` 没有报错。", en="An unknown `op` raises no error.")
def ring_any_op(x, op="sum"):
    ring(x, op, check=False)


@mistake(
    "ring_all_reduce",
    zh="每一步发的是整个张量，不是一块：字节太多。",
    en="Every step sends the whole tensor, not a chunk: too many bytes.",
)
def sends_the_whole(x, op="sum"):
    solutions.check_op(op)
    total, passing = x.clone(), x.clone()
    for _ in range(dist.get_world_size() - 1):
        incoming = torch.empty_like(passing)
        solutions.shift(passing, incoming)
        total += incoming
        passing = incoming
    x.copy_(total / dist.get_world_size() if op == "mean" else total)


@mistake(
    "ring_all_reduce",
    zh="走的不是环：由 rank 0 收齐再发出去，它要发的比 $2(n-1)/n$ 个张量多。",
    en="It is no ring: rank 0 collects and sends back, also to ranks that aren't its right neighbour.",
)
def through_rank_zero(x, op="sum"):
    solutions.all_reduce(x, op)


@mistake(
    "ring_all_reduce",
    zh="方向反了：发给左邻，从右邻收。",
    en="The wrong direction: it sends to the left, and receives from the right.",
)
def ring_to_the_left(x, op="sum"):
    solutions.check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    chunks = x.view(-1).split(solutions.chunk_sizes(x.numel(), size))
    for step in range(2 * (size - 1)):
        mine = chunks[(rank + step + 1) % size]
        incoming = torch.empty_like(mine)
        to_the_left(chunks[(rank + step) % size], incoming)
        if step < size - 1:
            mine += incoming
        else:
            mine.copy_(incoming)
    if op == "mean":
        x /= size


@mistake(
    "ring_all_reduce",
    zh="多出来的数没有进任何一块：不能整除时，末尾几个没有相加。",
    en="What is left over is in no chunk: where it doesn't divide, the last numbers aren't summed.",
)
def forgets_the_rest(x, op="sum"):
    solutions.check_op(op)
    size = dist.get_world_size()
    usable = x.numel() - x.numel() % size
    ring(x.view(-1)[:usable], "sum")
    if op == "mean":
        x /= size


@mistake(
    "ring_all_reduce",
    zh="结果在新张量里：`x.flatten().clone()` 一类的是拷贝，改它不改 `x`。",
    en="The result is in a new tensor: what was changed is a copy, and `x` stays as it was.",
)
def ring_on_a_copy(x, op="sum"):
    ring(x.clone(), op)


@mistake(
    "ring_all_reduce",
    zh="调用了 `torch.distributed` 的集合通信（如 `dist.all_reduce`）：这里要自己用点对点的调用写。",
    en="It calls a collective of `torch.distributed`, such as `dist.all_reduce`: here you write it yourself with point-to-point calls.",
)
def ring_by_torch(x, op="sum"):
    by_torchs_all_reduce(x, op)


@mistake(
    "ring_all_reduce",
    zh="每个进程每步都先 `send`：互相等，成了死锁。",
    en="Every process begins each step with `send`: they wait for each other, a deadlock.",
)
def ring_deadlock(x, op="sum"):
    ring(x, op, passing=all_send_first)


@mistake(
    "ring_all_reduce",
    zh="两块都用了同一个下标：收来的加到了刚发出去的那块上。",
    en="Both chunks have one index: what comes in is added to the chunk that has just been sent.",
)
def same_chunk(x, op="sum"):
    solutions.check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    flat = x.view(-1)
    padded = torch.cat([flat, flat.new_zeros(-len(flat) % size)])
    chunks = padded.view(size, -1)
    for step in range(2 * (size - 1)):
        mine = chunks[(rank - step) % size]
        incoming = torch.empty_like(mine)
        solutions.shift(mine.clone(), incoming)
        if step < size - 1:
            mine += incoming
        else:
            mine.copy_(incoming)
    flat.copy_(padded[: len(flat)])
    if op == "mean":
        x /= size


@mistake(
    "ring_all_reduce",
    zh="多走了两步（$2n$ 步）：结果对，但多发了两块。",
    en="Two steps too many, $2n$ of them: the result is right, but two chunks more are sent.",
)
def two_steps_more(x, op="sum"):
    ring(x, op, steps=lambda size: 2 * size)


@mistake(
    "ring_all_reduce",
    zh="多走了一步（$2n-1$ 步）：结果对，但多发了一块。",
    en="One step too many, $2n-1$ of them: the result is right, but one chunk more is sent.",
)
def one_step_more(x, op="sum"):
    ring(x, op, steps=lambda size: 2 * size - 1)


@mistake(
    "ring_all_reduce",
    zh="收的张量与要发的那块一样大：不能整除时，左邻发来的大小不同。",
    en="It receives into a tensor as large as the chunk that it sends: where it doesn't divide, the one from the left has another size.",
)
def room_for_the_sent_chunk(x, op="sum"):
    ring(x, op, passing=lambda outgoing, incoming: room_for_its_own(outgoing, incoming))


@mistake(
    "ring_all_reduce",
    zh="切的是 `x` 的第一个轴，不是排成一行的数：单独一个数没有轴，行数少的也切不出 $n$ 块。",
    en="`x` itself is cut along its first axis, and not its numbers as one row: a single number has no axis, and few rows don't make $n$ chunks.",
)
def chunks_of_rows(x, op="sum"):
    ring_of(x.chunk(dist.get_world_size()), x, op)


@mistake(
    "ring_all_reduce",
    zh="`chunk_sizes` 数的是所有的数，切的却是 `x` 的第一个轴：要先 `x.view(-1)` 排成一行。",
    en="`chunk_sizes` counts all numbers, but `x` is cut along its first axis: make it one row first, by `x.view(-1)`.",
)
def splits_the_first_axis(x, op="sum"):
    ring_of(x.split(solutions.chunk_sizes(x.numel(), dist.get_world_size())), x, op)


def ring_of(chunks, x, op):
    solutions.check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    for step in range(2 * (size - 1)):
        mine = chunks[(rank - step - 1) % size]
        incoming = torch.empty_like(mine)
        solutions.shift(chunks[(rank - step) % size], incoming)
        mine.copy_(mine + incoming if step < size - 1 else incoming)
    if op == "mean":
        x /= size


@mistake(
    "ring_all_reduce",
    zh="空的块没有发，右邻却在等它：通信对错了位。",
    en="An empty chunk isn't sent, but the right neighbour waits for it: sends and receives don't match any more.",
)
def empty_ones_are_awaited(x, op="sum"):
    def passing(outgoing, incoming):
        right, left = neighbours()
        requests = [dist.isend(outgoing, right)] if outgoing.numel() else []
        for request in [*requests, dist.irecv(incoming, left)]:
            request.wait()

    ring(x, op, passing=passing)


@mistake(
    "ring_all_reduce",
    zh="每块直接发给负责它的进程，加齐了再由它发给大家：字节不多，但不是环，右邻以外的也收到了。",
    en="Every chunk goes straight to the process that sums it, and from there to all: no more bytes, but no ring, for others than the right neighbour receive something.",
)
def straight_to_its_owner(x, op="sum"):
    solutions.check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    chunks = x.view(-1).split(solutions.chunk_sizes(x.numel(), size))
    others = [other for other in range(size) if other != rank]
    parts = [torch.empty_like(chunks[rank]) for _ in others]
    requests = [dist.isend(chunks[other].clone(), other) for other in others]
    requests += [dist.irecv(part, other) for part, other in zip(parts, others, strict=True)]
    for request in requests:
        request.wait()
    chunks[rank].add_(sum(parts))
    requests = [dist.isend(chunks[rank], other) for other in others]
    requests += [dist.irecv(chunks[other], other) for other in others]
    for request in requests:
        request.wait()
    if op == "mean":
        x /= size


@mistake(
    "ring_all_reduce",
    zh="`op` 一点没有用上：总是求和，不认识的也不报错。",
    en="`op` isn't used at all: it always sums, and an unknown one raises no error.",
)
def ring_ignores_op(x, op="sum"):
    ring(x, "sum")


@mistake(
    "ring_all_reduce",
    zh="收的张量是默认类型 `float32`：`float64` 的块更长，放不下。",
    en="It receives into a `float32`, whatever `x` is: chunks of `float64` are longer, and don't fit.",
)
def ring_into_single_precision(x, op="sum"):
    def passing(outgoing, incoming):
        received = torch.zeros(incoming.shape)
        solutions.shift(outgoing, received)
        incoming.copy_(received)

    ring(x, op, passing=passing)


# Data parallel


def averaged(model, *, divisor=None, known=None, give_all=False, removes=False):
    """Gradients averaged with a choice of faults: `known(p, count)` says which are put back."""
    size, parameters = dist.get_world_size(), list(model.parameters())
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    counts = torch.tensor([float(p.grad is not None) for p in parameters])
    bucket = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(bucket)
    dist.all_reduce(counts)
    for p, total, count in zip(parameters, bucket.split([p.numel() for p in parameters]), counts.tolist(), strict=True):
        if give_all or (known(p, count) if known else count > 0):
            p.grad = total.view_as(p) / (size if divisor is None else divisor(size, count))
        elif removes:
            p.grad = None


@mistake(
    "average_gradients",
    zh="`.grad` 没有变：没有求和，或者求完没有放回去（桶是拷贝）。",
    en="Every `.grad` stays as it was: nothing is summed, or the mean isn't put back from the bucket, which is a copy.",
)
def keeps_its_own(model):
    pass


@mistake("average_gradients", zh="只求了和，没有除以进程数。", en="It sums, and doesn't divide by the world size.")
def sums_gradients(model):
    averaged(model, divisor=lambda size, count: 1)


@mistake(
    "average_gradients",
    zh="除以的是有梯度的进程的个数：缺的应当按 0 算，除以的总是进程数。",
    en="It divides by how many processes have a gradient: what is missing counts as 0, and the divisor is always the world size.",
)
def by_those_who_have(model):
    averaged(model, divisor=lambda size, count: max(count, 1))


@mistake(
    "average_gradients",
    zh="自己没有梯度的参数，之后还是没有：只要有一个进程有，大家都该有。",
    en="A parameter without a gradient here stays without: if any process has one, all should have it.",
)
def only_where_it_has(model):
    averaged(model, known=lambda p, count: p.grad is not None)


@mistake(
    "average_gradients",
    zh="所有进程都没有梯度的参数，得到了一个全 0 的梯度：应当还是 `None`。",
    en="A parameter that no process has a gradient for gets zeros: it should stay `None`.",
)
def zeros_for_none(model):
    averaged(model, give_all=True)


@mistake(
    "average_gradients",
    zh="只有大家都有梯度的参数才求了平均：有的进程缺，也要按 0 算进去。",
    en="Only parameters that all processes have a gradient for are averaged: a missing one counts as 0.",
)
def only_where_all_have(model):
    averaged(model, known=lambda p, count: count == dist.get_world_size())


@mistake(
    "average_gradients",
    zh="只要有一个进程缺，这个参数的梯度就成了 `None`：缺的要按 0 算进去。",
    en="Where any process lacks a gradient, all lose it and have `None`: a missing one counts as 0.",
)
def none_where_any_lacks(model):
    averaged(model, known=lambda p, count: count == dist.get_world_size(), removes=True)


@mistake(
    "average_gradients",
    zh="有梯度的进程要超过一半才算有，否则成了 `None`：有一个就该有。",
    en="A gradient counts only if more than half of the processes have it, and is `None` elsewhere: one of them is enough.",
)
def needs_a_majority(model):
    averaged(model, known=lambda p, count: 2 * count > dist.get_world_size(), removes=True)


@mistake(
    "average_gradients",
    zh="把平均是 0 的当作没有梯度：梯度可以正好是 0，也可以互相抵消，那也是梯度。",
    en="A mean of 0 is taken for no gradient: gradients may be 0, or cancel, and are gradients all the same.",
)
def zero_is_none(model):
    averaged(model)
    for p in model.parameters():
        if p.grad is not None and not p.grad.any():
            p.grad = None


@mistake(
    "average_gradients",
    zh="桶是 `float32`：`float64` 的梯度丢了位数。",
    en="The bucket is `float32`: gradients of `float64` lose digits.",
)
def bucket_in_single_precision(model):
    averaged(model)
    for p in model.parameters():
        if p.grad is not None:
            p.grad = p.grad.float().to(p.dtype)


@mistake(
    "average_gradients",
    zh="桶里只装自己有的梯度：各进程的桶不一样长，对不上。",
    en="The bucket holds only the gradients that this process has: the buckets have different lengths, and don't match.",
)
def ragged_buckets(model):
    mine = [p for p in model.parameters() if p.grad is not None]
    bucket = torch.cat([p.grad.flatten() for p in mine])
    dist.all_reduce(bucket)
    for p, total in zip(mine, bucket.split([p.numel() for p in mine]), strict=True):
        p.grad = total.view_as(p) / dist.get_world_size()


@mistake(
    "average_gradients",
    zh="每个参数求一次和：参数有几个，延迟就付几次；要装进一个桶。",
    en="One sum for each parameter: the latency is paid as often as there are parameters; put them into one bucket.",
)
def one_by_one(model):
    for p in model.parameters():
        had = torch.tensor(float(p.grad is not None))
        grad = torch.zeros_like(p) if p.grad is None else p.grad
        dist.all_reduce(grad)
        dist.all_reduce(had)
        if had > 0:
            p.grad = grad / dist.get_world_size()


@mistake(
    "average_gradients",
    zh="没有检查 `None`：有的参数没有梯度，`.grad.flatten()` 就报错。",
    en="`None` isn't allowed for: where a parameter has no gradient, its `.grad` can't be used.",
)
def takes_none_for_a_tensor(model):
    bucket = torch.cat([p.grad.flatten() for p in model.parameters()])
    dist.all_reduce(bucket)


@mistake(
    "average_gradients",
    zh="平均的是参数，不是梯度。",
    en="It averages the parameters, not their gradients.",
)
def averages_parameters(model):
    with torch.no_grad():
        bucket = nn.utils.parameters_to_vector(model.parameters())
        dist.all_reduce(bucket)
        nn.utils.vector_to_parameters(bucket / dist.get_world_size(), model.parameters())


@mistake(
    "average_gradients",
    zh="用的是 rank 0 的梯度：那是播出，不是平均。",
    en="All get rank 0's gradients: that is a broadcast, and no mean.",
)
def takes_rank_zeros(model):
    size = dist.get_world_size()
    if dist.get_rank():
        for p in model.parameters():
            p.grad = None if p.grad is None else torch.zeros_like(p)
    averaged(model, divisor=lambda n, count: 1)
    assert size


@mistake(
    "average_gradients",
    zh="放回去的顺序反了：各段给错了参数。",
    en="The pieces go back in the reverse order: each parameter gets the gradient of another.",
)
def in_reverse(model):
    averaged(model)
    known = [p for p in model.parameters() if p.grad is not None]
    flat = torch.cat([p.grad.flatten() for p in reversed(known)])
    for p, part in zip(known, flat.split([p.numel() for p in known]), strict=True):
        p.grad = part.view_as(p)


@mistake(
    "broadcast_model",
    zh="每个进程的模型都没有变：什么也没有播，或者播的是拷贝。",
    en="Every model stays as it was: nothing is broadcast, or only copies of its values are.",
)
def keeps_its_weights(model):
    pass


@mistake(
    "broadcast_model",
    zh="漏了缓冲：批归一化的统计量各不相同。",
    en="The buffers are left out: the statistics of batch norm differ.",
)
def parameters_only(model):
    for p in model.parameters():
        dist.broadcast(p.data, 0)


@mistake("broadcast_model", zh="漏了参数：只播了缓冲。", en="The parameters are left out: only buffers are broadcast.")
def buffers_only(model):
    for b in model.buffers():
        dist.broadcast(b, 0)


@mistake(
    "broadcast_model",
    zh="漏了整数的缓冲 `num_batches_tracked`。",
    en="The integer buffer `num_batches_tracked` is left out.",
)
def floats_only(model):
    for value in model.state_dict().values():
        if value.is_floating_point():
            dist.broadcast(value, 0)


@mistake(
    "broadcast_model",
    zh="只播了 `requires_grad` 的参数：冻结的没有播。",
    en="Only parameters that require gradients are broadcast: frozen ones are left out.",
)
def trainable_only(model):
    for value in [*(p.data for p in model.parameters() if p.requires_grad), *model.buffers()]:
        dist.broadcast(value, 0)


@mistake(
    "broadcast_model",
    zh="播的是最后一个 rank 的：要 rank 0 的。",
    en="What is broadcast is the last rank's: rank 0's is wanted.",
)
def from_the_last(model):
    for value in model.state_dict().values():
        dist.broadcast(value, dist.get_world_size() - 1)


@mistake(
    "broadcast_model",
    zh="求了平均：权重应当是 rank 0 的，不是大家的平均。",
    en="It takes the mean: the weights should be rank 0's, not the mean of all.",
)
def mean_of_models(model):
    for value in model.state_dict().values():
        total = value.double()
        dist.all_reduce(total)
        value.copy_(total / dist.get_world_size())


@mistake(
    "broadcast_model",
    zh="参数被换成了新的 `nn.Parameter`：优化器手里的还是旧的。",
    en="Parameters are exchanged for new ones: an optimiser still holds the old ones.",
)
def new_parameters(model):
    solutions.broadcast_model(model)
    for module in model.modules():
        for name, p in list(module.named_parameters(recurse=False)):
            setattr(module, name, nn.Parameter(p.detach().clone(), p.requires_grad))


@mistake(
    "broadcast_model",
    zh="冻结的参数被解冻了：`requires_grad` 应当不变。",
    en="Frozen parameters are unfrozen: `requires_grad` should stay as it was.",
)
def unfreezes(model):
    solutions.broadcast_model(model)
    model.requires_grad_(True)


@mistake(
    "broadcast_model",
    zh="参数被冻结了：`requires_grad` 应当不变。",
    en="Parameters are frozen: `requires_grad` should stay as it was.",
)
def freezes(model):
    model.requires_grad_(False)
    solutions.broadcast_model(model)


@mistake(
    "broadcast_model",
    zh="只有 rank 0 调用了 `dist.broadcast`：集合通信要每个进程都调用，别的进程什么也没有收。",
    en="Only rank 0 calls `dist.broadcast`: every process has to call a collective, and the others receive nothing.",
)
def only_rank_zero_calls(model):
    if dist.get_rank() == 0:
        for value in model.state_dict().values():
            dist.broadcast(value, 0)


@mistake(
    "broadcast_model",
    zh="只播了第一个参数：循环里过早 `return`。",
    en="Only the first one is broadcast, as if it returned inside the loop.",
)
def first_only(model):
    for value in model.state_dict().values():
        dist.broadcast(value, 0)
        return


class Shards(solutions.ShardedSampler):
    """A sampler with a choice of faults."""

    def order(self):
        if not self.shuffle:
            return list(range(self.length))
        return torch.randperm(self.length, generator=self.generator()).tolist()

    def generator(self):
        return torch.Generator().manual_seed(self.seed + self.epoch)

    def places(self):
        return range(self.rank, len(self) * self.world_size, self.world_size)

    def __iter__(self):
        order = self.order()
        return iter([order[place % self.length] for place in self.places()])


@mistake(
    "ShardedSampler", zh="没有分份：每个进程拿了全部下标。", en="Nothing is dealt out: every process takes all indices."
)
class TakesAll(Shards):
    def places(self):
        return range(self.length)


@mistake(
    "ShardedSampler",
    zh="各份是连续的一段：应当轮流拿，每 `world_size` 个拿一个。",
    en="The shards are stretches in a row: they should be taken in turns, every `world_size`-th.",
)
class InStretches(Shards):
    def places(self):
        return range(self.rank * len(self), (self.rank + 1) * len(self))


@mistake(
    "ShardedSampler",
    zh="没有补足：各份的大小不同，有的进程会永远等着。",
    en="It isn't filled up: shards differ in size, and some process would wait for ever.",
)
class NotFilledUp(Shards):
    def places(self):
        return range(self.rank, self.length, self.world_size)


@mistake(
    "ShardedSampler",
    zh="多出来的丢掉了：应当从头再拿，补足。",
    en="What is left over is dropped: it should be filled up from the beginning.",
)
class DropsTheRest(Shards):
    def __len__(self):
        return self.length // self.world_size


@mistake(
    "ShardedSampler",
    zh="补足时重复最后一个：应当从顺序的开头接着拿。",
    en="It is filled up with the last one: go on from the beginning of the order.",
)
class RepeatsTheLast(Shards):
    def __iter__(self):
        order = self.order()
        return iter([order[min(place, self.length - 1)] for place in self.places()])


@mistake(
    "ShardedSampler",
    zh="补足的是下标 0、1、……，不是打乱后的顺序的开头。",
    en="It is filled up with indices 0, 1, …, not with the beginning of the shuffled order.",
)
class FillsWithFirstIndices(Shards):
    def __iter__(self):
        order = self.order()
        return iter([order[i] if i < self.length else i % self.length for i in self.places()])


@mistake(
    "ShardedSampler",
    zh="`set_epoch` 没有用上：每一轮的顺序都一样。",
    en="`set_epoch` has no effect: every epoch has one and the same order.",
)
class SameEveryEpoch(Shards):
    def set_epoch(self, epoch):
        pass


@mistake("ShardedSampler", zh="`seed` 没有用上。", en="`seed` isn't used.")
class NoSeed(Shards):
    def generator(self):
        return torch.Generator().manual_seed(self.epoch)


@mistake("ShardedSampler", zh="`shuffle` 没有用上：总是打乱。", en="`shuffle` isn't used: it always shuffles.")
class AlwaysShuffles(Shards):
    def order(self):
        return torch.randperm(self.length, generator=self.generator()).tolist()


@mistake("ShardedSampler", zh="没有打乱。", en="It doesn't shuffle.")
class NeverShuffles(Shards):
    def order(self):
        return list(range(self.length))


@mistake(
    "ShardedSampler",
    zh="种子里有 rank：每个进程的顺序不同，有的例子被拿两次，有的没有人拿。",
    en="The rank is in the seed: every process has another order, so some examples are taken twice and others by nobody.",
)
class SeedWithRank(Shards):
    def generator(self):
        return torch.Generator().manual_seed(self.seed + self.epoch + self.rank)


@mistake(
    "ShardedSampler",
    zh="用的是全局的随机数：动了别人的，各进程也不会一样。",
    en="It uses the global random numbers: it disturbs others, and processes won't agree.",
)
class GlobalNumbers(Shards):
    def order(self):
        if self.shuffle:
            torch.manual_seed(self.seed + self.epoch)
        return torch.randperm(self.length).tolist() if self.shuffle else list(range(self.length))


@mistake(
    "ShardedSampler",
    zh="`len` 是全部例子的个数：应当是这一份的大小。",
    en="`len` is the number of all examples: it should be that of this shard.",
)
class LengthOfAll(Shards):
    def __len__(self):
        return self.length

    def places(self):
        return range(self.rank, math.ceil(self.length / self.world_size) * self.world_size, self.world_size)


@mistake("ShardedSampler", zh="不存在的 `rank` 没有报错。", en="A `rank` that doesn't exist raises no error.")
class AnyRank(Shards):
    def __init__(self, length, world_size, rank, shuffle=True, seed=0):
        super().__init__(length, world_size, 0, shuffle, seed)
        self.rank = rank


@mistake(
    "ShardedSampler",
    zh="`rank == world_size` 没有报错：rank 从 0 数起，最大是 `world_size - 1`。",
    en="`rank == world_size` raises no error: ranks are counted from 0, the last is `world_size - 1`.",
)
class OneRankMore(Shards):
    def __init__(self, length, world_size, rank, shuffle=True, seed=0):
        super().__init__(length, world_size, 0 if rank == world_size else rank, shuffle, seed)
        self.rank = rank


@mistake(
    "ShardedSampler",
    zh="生成器一直用下去：同一轮走第二遍，顺序就变了。",
    en="One generator is used on and on: a second pass in the same epoch has another order.",
)
class OneGenerator(Shards):
    def __init__(self, length, world_size, rank, shuffle=True, seed=0):
        super().__init__(length, world_size, rank, shuffle, seed)
        self.set_epoch(0)

    def set_epoch(self, epoch):
        self.kept = torch.Generator().manual_seed(self.seed + epoch)

    def generator(self):
        return self.kept


@mistake(
    "ShardedSampler",
    zh="只补一圈：例子比进程少得多时，后面的份是空的或者不够。",
    en="It is filled up once only: with far fewer examples than processes the later shards come out too short.",
)
class FilledOnce(Shards):
    def __iter__(self):
        order = self.order()
        order += order[: len(self) * self.world_size - len(order)]
        return iter(order[self.rank :: self.world_size])


@mistake(
    "ShardedSampler",
    zh="补足时从自己那份的开头拿：应当从大家共有的顺序的开头接着拿。",
    en="A shard is filled up with its own beginning: go on from the beginning of the order that all share.",
)
class FillsWithItsOwn(Shards):
    def __iter__(self):
        order = self.order()
        mine = order[self.rank :: self.world_size] or order[:1]
        return iter([mine[i % len(mine)] for i in range(len(self))])


@mistake(
    "ShardedSampler",
    zh="`set_epoch` 把轮数加进了种子，越加越多：应当每次都从 `seed` 算起。",
    en="`set_epoch` adds to the seed, again and again: it should begin with `seed` each time.",
)
class EpochsPileUp(Shards):
    def set_epoch(self, epoch):
        self.seed += epoch


@mistake(
    "ShardedSampler",
    zh="`__iter__` 返回自己，走到哪里记在对象里：同时走两遍就互相打乱，应当每次返回新的迭代器。",
    en="`__iter__` returns the sampler itself, which remembers where it is: two passes at the same time disturb each other; return a new iterator each time.",
)
class ItsOwnIterator(Shards):
    def __iter__(self):
        self.rest = list(super().__iter__())
        return self

    def __next__(self):
        if not self.rest:
            raise StopIteration
        return self.rest.pop(0)


@mistake(
    "ShardedSampler",
    zh="负的 `rank` 没有报错：rank 从 0 数起。",
    en="A negative `rank` raises no error: ranks are counted from 0.",
)
class NegativeRanks(Shards):
    def __init__(self, length, world_size, rank, shuffle=True, seed=0):
        super().__init__(length, world_size, max(rank, 0), shuffle, seed)
        self.rank = rank


@mistake(
    "ShardedSampler",
    zh="先补足、再打乱：`torch.randperm` 的长度应是 `length`，打乱之后才补。",
    en="It fills up first and shuffles then: `torch.randperm` should be of `length`, and filled up afterwards.",
)
class ShufflesTheFilled(Shards):
    def order(self):
        total = len(self) * self.world_size
        places = torch.randperm(total, generator=self.generator()) if self.shuffle else torch.arange(total)
        return (places % self.length).tolist()

    def __iter__(self):
        return iter(self.order()[self.rank :: self.world_size])


# Checkpoints


def saved(path, state, *, wait=True, ranks=(0,), beside=True, replace=True):
    """A save with a choice of faults."""
    if dist.get_rank() in ranks:
        target = path.with_name(f"{path.name}.{dist.get_rank()}") if beside else path
        torch.save(state, target)
        if beside and replace:
            os.replace(target, path)
    if wait:
        dist.barrier()


@mistake(
    "save_checkpoint",
    zh="别的进程没有等 rank 0 写完：返回时文件可能还是旧的，或者没有。",
    en="The others don't wait until rank 0 has written: when they return, the file may be the old one, or not be there.",
)
def nobody_waits(path, state):
    saved(path, state, wait=False)


@mistake(
    "save_checkpoint",
    zh="`barrier` 在改名之前：别的进程返回时，`path` 可能还是旧的，或者没有；先改名，再 `barrier`。",
    en="The `barrier` stands before the renaming: when the others return, `path` may still be the old one, or not be there; rename first, then comes the barrier.",
)
def meets_before_the_rename(path, state):
    beside = path.with_name("beside.pt")
    if dist.get_rank() == 0:
        torch.save(state, beside)
    dist.barrier()
    if dist.get_rank() == 0:
        os.replace(beside, path)


@mistake(
    "save_checkpoint",
    zh="新的还没有写完，`path` 上旧的就没了（直接写到 `path`，或者先删掉）：写到一半出错，两个都没有。",
    en="The old one is gone before the new one is whole (written to `path` itself, or removed first): with an error half-way there is neither.",
)
def straight_to_the_path(path, state):
    saved(path, state, beside=False)


@mistake(
    "save_checkpoint",
    zh="每个进程都写：只该由 rank 0 写。",
    en="Every process writes: only rank 0 should.",
)
def everybody_writes(path, state):
    saved(path, state, ranks=range(dist.get_world_size()))


@mistake(
    "save_checkpoint",
    zh="写的是最后一个 rank 的 `state`：要 rank 0 的。",
    en="The last rank writes, its own `state`: rank 0's is wanted.",
)
def last_rank_writes(path, state):
    saved(path, state, ranks=(dist.get_world_size() - 1,))


@mistake(
    "save_checkpoint",
    zh="`barrier` 在 `if` 里面，只有 rank 0 调用：它永远等着。",
    en="`barrier` stands inside the `if`, and only rank 0 calls it: it waits for ever.",
)
def barrier_in_zero_only(path, state):
    if dist.get_rank() == 0:
        saved(path, state)


@mistake(
    "save_checkpoint",
    zh="写在旁边之后没有改名：`path` 还是旧的，或者没有。",
    en="It is written beside and never renamed: `path` is the old one, or isn't there.",
)
def never_renamed(path, state):
    saved(path, state, replace=False)


@mistake(
    "save_checkpoint",
    zh="用拷贝代替改名：旁边的文件留下了，拷到一半也会坏。",
    en="It copies where it should rename: the file beside stays, and a copy can be half done.",
)
def copied(path, state):
    if dist.get_rank() == 0:
        beside = path.with_name("beside.pt")
        torch.save(state, beside)
        path.write_bytes(beside.read_bytes())
    dist.barrier()


@mistake(
    "save_checkpoint",
    zh="什么也没有存。",
    en="Nothing is saved.",
)
def saves_nothing(path, state):
    dist.barrier()


@mistake(
    "save_checkpoint",
    zh="错误被接住了：存不下来，却没有人知道。",
    en="The error is caught: nothing was saved, and nobody hears of it.",
)
def hushes_errors(path, state):
    import contextlib

    with contextlib.suppress(Exception):
        saved(path, state, wait=False)
    dist.barrier()


@mistake(
    "save_checkpoint",
    zh="已经有文件时就不存了：`path` 还是第一次的。",
    en="It doesn't save where there is a file already: `path` stays the first one.",
)
def only_once(path, state):
    if dist.get_rank() == 0 and not path.exists():
        saved(path, state, wait=False)
    dist.barrier()


@mistake(
    "save_checkpoint",
    zh="只存了模型那样的张量，别的项丢了。",
    en="Only the tensors in `state` are saved, and everything else is lost.",
)
def tensors_only(path, state):
    saved(path, {key: value for key, value in state.items() if isinstance(value, torch.Tensor) or key == "then"})


def read(path):
    return torch.load(path, map_location="cpu", weights_only=True)


@mistake(
    "load_checkpoint",
    zh="每个进程自己看文件：别的机器上没有，就得到 `None`。",
    en="Every process looks for the file itself: on another machine there is none, and it gets `None`.",
)
def each_by_itself(path):
    return read(path) if path.is_file() else None


@mistake(
    "load_checkpoint",
    zh="每个进程自己读：别的机器上没有这个文件，就报错。",
    en="Every process reads the file itself: where another machine has none, that is an error.",
)
def each_reads(path):
    found = [path.is_file()]
    dist.broadcast_object_list(found, 0)
    return read(path) if found[0] else None


@mistake(
    "load_checkpoint",
    zh="没有这个文件时报错：应当返回 `None`。",
    en="Where there is no such file it raises an error: it should return `None`.",
)
def fails_without(path):
    found = [read(path) if dist.get_rank() == 0 else None]
    dist.broadcast_object_list(found, 0)
    return found[0]


@mistake(
    "load_checkpoint",
    zh="返回的是那个列表，不是里面的字典。",
    en="It returns the list, not the dictionary in it.",
)
def the_list(path):
    return [solutions.load_checkpoint(path)]


@mistake(
    "load_checkpoint",
    zh="没有这个文件时返回了空字典：应当是 `None`。",
    en="Where there is no such file it returns an empty dictionary: it should be `None`.",
)
def empty_dictionary(path):
    return solutions.load_checkpoint(path) or {}


@mistake(
    "load_checkpoint",
    zh="只有 rank 0 返回了字典，没有播给别人。",
    en="Only rank 0 returns the dictionary: it isn't given to the others.",
)
def zero_only(path):
    return read(path) if dist.get_rank() == 0 and path.is_file() else None


@mistake(
    "load_checkpoint",
    zh="只有 rank 0 调用了 `broadcast_object_list`：它一个人等着，别的进程得不到。",
    en="Only rank 0 calls `broadcast_object_list`: the others don't take part, and get nothing.",
)
def broadcasts_alone(path):
    found = [None]
    if dist.get_rank() == 0:
        found = [read(path) if path.is_file() else None]
        dist.broadcast_object_list(found, 0)
    return found[0]


@mistake(
    "load_checkpoint",
    zh="有文件才播：没有文件时 rank 0 不来，别的进程永远等着。",
    en="It broadcasts only where there is a file: without one rank 0 doesn't come, and the others wait for ever.",
)
def broadcasts_if_there(path):
    found = [None]
    if dist.get_rank() == 0 and not path.is_file():
        return None
    if dist.get_rank() == 0:
        found = [read(path)]
    dist.broadcast_object_list(found, 0)
    return found[0]


@mistake(
    "load_checkpoint",
    zh="播的是最后一个 rank 的：它那里没有文件。",
    en="What is broadcast is the last rank's: it has no such file.",
)
def from_the_last_rank(path):
    found = [read(path) if path.is_file() else None]
    dist.broadcast_object_list(found, dist.get_world_size() - 1)
    return found[0]


@mistake("load_checkpoint", zh="总是返回 `None`。", en="It always returns `None`.")
def never_found(path):
    return None


@mistake(
    "load_checkpoint",
    zh="播出的是路径，不是读到的内容。",
    en="The path is broadcast, and not what is in the file.",
)
def the_path(path):
    found = [str(path) if dist.get_rank() == 0 and path.is_file() else None]
    dist.broadcast_object_list(found, 0)
    return found[0]


@mistake(
    "load_checkpoint",
    zh="只播了张量，别的项丢了。",
    en="Only tensors come back, and everything else is lost.",
)
def tensors_back(path):
    found = solutions.load_checkpoint(path)
    return found and {key: value for key, value in found.items() if isinstance(value, torch.Tensor)}


@mistake(
    "load_checkpoint",
    zh="用了 `weights_only=False`：文件里的代码会被执行。",
    en="It reads with `weights_only=False`: code in the file is run.",
)
def runs_code(path):
    found = [None]
    if dist.get_rank() == 0 and path.is_file():
        found = [torch.load(path, map_location="cpu", weights_only=False)]
    dist.broadcast_object_list(found, 0)
    return found[0]


# The trainer


class Trainer(solutions.DistTrainer):
    """A trainer with a choice of faults."""

    def average(self):
        solutions.average_gradients(self.model)

    def told(self, loss):
        total = loss.detach().clone()
        dist.all_reduce(total)
        return total.item() / dist.get_world_size()

    def step(self, images, labels):
        loss = F.cross_entropy(self.model(images), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.average()
        self.optimizer.step()
        return self.told(loss)

    def set_epoch(self, epoch):
        self.sampler.set_epoch(epoch)

    def state(self, epoch, losses):
        model, optimizer = self.model.state_dict(), self.optimizer.state_dict()
        return {"epoch": epoch + 1, "losses": losses, "model": model, "optimizer": optimizer}

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        return state["epoch"], state["losses"]

    def load(self, path):
        return solutions.load_checkpoint(path)

    def train(self):
        path, losses, begin = self.args.checkpoint, [], 0
        if path and (state := self.load(path)):
            begin, losses = self.restore(state)
        for epoch in range(begin, self.args.epochs):
            self.set_epoch(epoch)
            losses += [self.step(images, labels) for images, labels in self.loader]
            if path:
                solutions.save_checkpoint(path, self.state(epoch, losses))
        return losses

    def batches(self, sampler, size):
        self.sampler = sampler
        self.loader = torch.utils.data.DataLoader(self.args.train_set, size, sampler=sampler)


@mistake(
    "DistTrainer",
    zh="别的进程死了，`train` 接住了错误，返回已有的损失：应当让错误传出来。",
    en="When another process dies, `train` catches the error and returns the losses so far: the error should come out.",
)
class ReturnsWhatThereIs(Trainer):
    def train(self):
        try:
            return super().train()
        except RuntimeError:
            return []


@mistake(
    "DistTrainer",
    zh="只有 rank 0 调用了 `save_checkpoint`：里面的 `barrier` 要每个进程都来，它停在那里，别的已经往前走了。",
    en="Only rank 0 calls `save_checkpoint`: the `barrier` in it needs every process, so it waits there while the others go on.",
)
class OnlyZeroSaves(Trainer):
    def train(self):
        path, losses, begin = self.args.checkpoint, [], 0
        if path and (state := self.load(path)):
            begin, losses = self.restore(state)
        for epoch in range(begin, self.args.epochs):
            self.set_epoch(epoch)
            losses += [self.step(images, labels) for images, labels in self.loader]
            if path and dist.get_rank() == 0:
                solutions.save_checkpoint(path, self.state(epoch, losses))
        return losses


@mistake(
    "DistTrainer",
    zh="接着训练时，采样器的轮数又从 0 数起：顺序是已经用过的那一轮的。",
    en="Going on, the sampler's epochs are counted from 0 again: the order is that of an epoch which is done already.",
)
class OrderBeginsAgain(Trainer):
    def restore(self, state):
        self.done, losses = super().restore(state)
        return self.done, losses

    def set_epoch(self, epoch):
        self.sampler.set_epoch(epoch - getattr(self, "done", 0))


@mistake(
    "DistTrainer",
    zh="开始时没有播出 rank 0 的权重：每个进程从自己的出发。",
    en="Rank 0's weights aren't broadcast at the start: every process begins with its own.",
)
class OwnWeights(Trainer):
    def __init__(self, args):
        state = torch.get_rng_state()
        super().__init__(args)
        torch.set_rng_state(state)
        with torch.no_grad():
            fresh = args.make_model()
            self.model.load_state_dict(fresh.state_dict())


@mistake(
    "DistTrainer",
    zh="优化器走步之前，梯度没有求平均：各走各的步。",
    en="Gradients aren't averaged before the optimiser's step: each process takes steps of its own.",
)
class OwnGradients(Trainer):
    def average(self):
        pass


@mistake(
    "DistTrainer",
    zh="梯度求了和，没有除以进程数：步子成了那么多倍。",
    en="Gradients are summed and not divided by the world size: the steps are that many times too large.",
)
class SummedGradients(Trainer):
    def average(self):
        solutions.average_gradients(self.model)
        for p in self.model.parameters():
            p.grad *= dist.get_world_size()


@mistake(
    "DistTrainer",
    zh="返回的是自己的损失，不是所有进程的平均。",
    en="It returns the loss of its own shard, and not the mean over all processes.",
)
class OwnLoss(Trainer):
    def told(self, loss):
        return loss.item()


@mistake(
    "DistTrainer",
    zh="损失求了和，没有除以进程数。",
    en="The losses are summed and not divided by the world size.",
)
class SummedLoss(Trainer):
    def told(self, loss):
        return super().told(loss) * dist.get_world_size()


@mistake(
    "DistTrainer",
    zh="没有清零：梯度一步步累加。",
    en="Gradients are never set to zero: they pile up from step to step.",
)
class NeverZeroed(Trainer):
    def step(self, images, labels):
        loss = F.cross_entropy(self.model(images), labels)
        loss.backward()
        self.average()
        self.optimizer.step()
        return self.told(loss)


@mistake(
    "DistTrainer",
    zh="没有设定轮数：每一轮的顺序都一样。",
    en="The sampler's epoch isn't set: every epoch has one and the same order.",
)
class SameOrder(Trainer):
    def set_epoch(self, epoch):
        pass


@mistake(
    "DistTrainer",
    zh="轮数从 1 数起：应当从 0。",
    en="Epochs are counted from 1: they should begin with 0.",
)
class EpochsFromOne(Trainer):
    def set_epoch(self, epoch):
        self.sampler.set_epoch(epoch + 1)


@mistake(
    "DistTrainer",
    zh="每个进程的批大小是 `args.batch_size`：应当除以进程数。",
    en="The batch size of each process is `args.batch_size`: it should be divided by the world size.",
)
class WholeBatchEach(Trainer):
    def __init__(self, args):
        super().__init__(args)
        self.batches(self.sampler, args.batch_size)


@mistake(
    "DistTrainer",
    zh="数据没有分：每个进程都过一遍全部例子。",
    en="The data aren't dealt out: every process goes through all examples.",
)
class AllData(Trainer):
    def __init__(self, args):
        super().__init__(args)
        sampler = solutions.ShardedSampler(len(args.train_set), 1, 0, seed=args.seed)
        self.batches(sampler, args.batch_size // dist.get_world_size())


@mistake("DistTrainer", zh="`seed` 没有交给采样器。", en="`seed` isn't passed to the sampler.")
class SamplerWithoutSeed(Trainer):
    def __init__(self, args):
        super().__init__(args)
        size = dist.get_world_size()
        sampler = solutions.ShardedSampler(len(args.train_set), size, dist.get_rank())
        self.batches(sampler, args.batch_size // size)


@mistake("DistTrainer", zh="没有打乱。", en="The examples aren't shuffled.")
class NotShuffled(Trainer):
    def __init__(self, args):
        super().__init__(args)
        size = dist.get_world_size()
        sampler = solutions.ShardedSampler(len(args.train_set), size, dist.get_rank(), shuffle=False)
        self.batches(sampler, args.batch_size // size)


@mistake(
    "DistTrainer",
    zh="最后不满的一批丢掉了。",
    en="The last, smaller batch is dropped.",
)
class DropsTheLast(Trainer):
    def __init__(self, args):
        super().__init__(args)
        size = args.batch_size // dist.get_world_size()
        self.loader = torch.utils.data.DataLoader(args.train_set, size, sampler=self.sampler, drop_last=True)


@mistake("DistTrainer", zh="`momentum` 没有用上。", en="`momentum` isn't used.")
class NoMomentum(Trainer):
    def __init__(self, args):
        super().__init__(args)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=args.lr)


@mistake("DistTrainer", zh="优化器是 Adam：应当是 SGD。", en="The optimiser is Adam: it should be SGD.")
class WithAdam(Trainer):
    def __init__(self, args):
        super().__init__(args)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=args.lr)


@mistake(
    "DistTrainer",
    zh="别的进程死了，错误被接住了：它一个人若无其事地继续。",
    en="When another process dies, the error is caught: it goes on alone as if nothing had happened.",
)
class HushesDeath(Trainer):
    def step(self, images, labels):
        try:
            return super().step(images, labels)
        except RuntimeError:
            return float("nan")

    def train(self):
        try:
            return super().train()
        except RuntimeError:
            return []


@mistake(
    "DistTrainer",
    zh="从不存检查点：死过一次，就从头开始。",
    en="No checkpoint is ever saved: after a death everything starts from the beginning.",
)
class NeverSaves(Trainer):
    def train(self):
        losses = []
        for epoch in range(self.args.epochs):
            self.set_epoch(epoch)
            losses += [self.step(images, labels) for images, labels in self.loader]
        return losses


@mistake(
    "DistTrainer",
    zh="检查点存了，却从不读：死过一次，就从头开始。",
    en="Checkpoints are saved and never loaded: after a death the training begins with the first epoch again.",
)
class NeverLoads(Trainer):
    def load(self, path):
        return None


@mistake(
    "DistTrainer",
    zh="训练全部结束才存检查点：中途死掉，什么也没有存下。",
    en="A checkpoint is saved only when all epochs are done: nothing is there when a process dies on the way.",
)
class SavesAtTheEnd(Trainer):
    def train(self):
        path, losses, begin = self.args.checkpoint, [], 0
        if path and (state := self.load(path)):
            begin, losses = self.restore(state)
        for epoch in range(begin, self.args.epochs):
            self.set_epoch(epoch)
            losses += [self.step(images, labels) for images, labels in self.loader]
        if path:
            solutions.save_checkpoint(path, self.state(self.args.epochs - 1, losses))
        return losses


@mistake(
    "DistTrainer",
    zh="接着训练时没有恢复优化器的状态：动量从 0 重新开始。",
    en="Going on, it doesn't restore the optimiser's state: momentum begins with 0 again.",
)
class ForgetsMomentum(Trainer):
    def restore(self, state):
        self.model.load_state_dict(state["model"])
        return state["epoch"], state["losses"]


@mistake(
    "DistTrainer",
    zh="接着训练时没有恢复权重。",
    en="Going on, it doesn't restore the weights.",
)
class ForgetsWeights(Trainer):
    def restore(self, state):
        self.optimizer.load_state_dict(state["optimizer"])
        return state["epoch"], state["losses"]


@mistake(
    "DistTrainer",
    zh="接着训练时从第 0 轮开始：已经走过的轮又走了一遍。",
    en="Going on, it begins with epoch 0: epochs that are done are done again.",
)
class BeginsAgain(Trainer):
    def restore(self, state):
        super().restore(state)
        return 0, []


@mistake(
    "DistTrainer",
    zh="接着训练时丢了已有的损失：返回的只有后面几轮。",
    en="Going on, it loses the losses so far: only those of the later epochs are returned.",
)
class ForgetsLosses(Trainer):
    def restore(self, state):
        return super().restore(state)[0], []


@mistake(
    "DistTrainer",
    zh="存的轮数少 1：最后那一轮又走了一遍。",
    en="The epoch that is saved is 1 too small: the last one is done twice.",
)
class SavesEpochTooSmall(Trainer):
    def state(self, epoch, losses):
        return super().state(epoch, losses) | {"epoch": epoch}


@mistake(
    "DistTrainer",
    zh="存的轮数多 1：接着训练时漏了一轮。",
    en="The epoch that is saved is 1 too large: going on, one epoch is left out.",
)
class SavesEpochTooLarge(Trainer):
    def state(self, epoch, losses):
        return super().state(epoch, losses) | {"epoch": epoch + 2}


@mistake(
    "DistTrainer",
    zh="造模型之前设了随机种子：开始的权重不再是 rank 0 自己造的那一组。",
    en="The random seed is set before the model is made: it doesn't begin with the weights that rank 0 would have made.",
)
class SeedsTheModel(Trainer):
    def __init__(self, args):
        torch.manual_seed(args.seed)
        super().__init__(args)


@mistake(
    "DistTrainer",
    zh="损失的平均只有 rank 0 得到了（`dist.reduce`），别的进程返回的是自己的。",
    en="Only rank 0 has the mean of the losses, as by `dist.reduce`: the others return their own.",
)
class OnlyZeroHasTheMean(Trainer):
    def told(self, loss):
        mean = super().told(loss)
        return loss.item() if dist.get_rank() else mean


@mistake(
    "DistTrainer",
    zh="返回的损失是更新之后的：应当是更新之前的。",
    en="The losses are those after the update: they should be from before it.",
)
class LossAfterTheStep(Trainer):
    def step(self, images, labels):
        super().step(images, labels)
        with torch.no_grad():
            return self.told(F.cross_entropy(self.model(images), labels))


@mistake(
    "DistTrainer",
    zh="用了 `DistributedDataParallel`：这里要自己求平均。",
    en="It trains with `DistributedDataParallel`: here you average the gradients yourself.",
)
class ByDDP(Trainer):
    def __init__(self, args):
        super().__init__(args)
        self.wrapped = nn.parallel.DistributedDataParallel(self.model)

    def step(self, images, labels):
        loss = F.cross_entropy(self.wrapped(images), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return self.told(loss)


@mistake(
    "DistTrainer",
    zh="损失是张量：每步要一个 `float`。",
    en="The losses are tensors: one `float` a step is wanted.",
)
class TensorLosses(Trainer):
    def told(self, loss):
        return torch.tensor(super().told(loss))
