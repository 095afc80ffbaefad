"""Right answers of day 4's third lesson, each written in another way; the tests accept them all."""

# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false, reportOperatorIssue=false

import copy
import functools
import math
import pickle

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Subset

from coach import variant
from part4_distributed import solutions

# Point to point


@variant("send_receive")
def by_requests(x, src, dst):
    me = dist.get_rank()
    if src != dst and me in (src, dst):
        request = dist.isend(x, dst=dst) if me == src else dist.irecv(x, src=src)
        assert request is not None
        request.wait()


@variant("send_receive")
def by_a_copy(x, src, dst):
    rank = dist.get_rank()
    if src == dst:
        return x
    if rank == src:
        dist.send(tensor=x.clone(), dst=dst)
    if rank == dst:
        other = torch.zeros_like(x)
        dist.recv(other, src=src)
        x.copy_(other)
    return x


@variant("send_receive")
def by_batch(x, src, dst):
    match dist.get_rank():
        case rank if src == dst or rank not in (src, dst):
            operations = []
        case rank if rank == src:
            operations = [dist.P2POp(dist.isend, x, dst)]
        case _:
            operations = [dist.P2POp(dist.irecv, x, src)]
    for request in dist.batch_isend_irecv(operations) if operations else ():
        request.wait()


@variant("shift")
def shift_sends_nothing_empty(outgoing, incoming):
    rank, size = dist.get_rank(), dist.get_world_size()
    requests = [dist.isend(outgoing, (rank + 1) % size)] if outgoing.numel() else []
    if incoming.numel():
        requests.append(dist.irecv(incoming, (rank - 1) % size))
    for request in requests:
        request.wait()


@variant("shift")
def shift_by_batch(outgoing, incoming):
    n, r = dist.get_world_size(), dist.get_rank()
    operations = [dist.P2POp(dist.isend, outgoing, (r + 1) % n), dist.P2POp(dist.irecv, incoming, (r - 1 + n) % n)]
    for request in dist.batch_isend_irecv(operations):
        request.wait()


@variant("shift")
def shift_by_turns(outgoing, incoming):
    """Rank 0 receives first, all others send first: the wave goes round."""
    n, r = dist.get_world_size(), dist.get_rank()
    if r == 0:
        dist.recv(incoming, n - 1)
        dist.send(outgoing, 1)
    else:
        dist.send(outgoing, (r + 1) % n)
        dist.recv(incoming, r - 1)


@variant("shift")
def shift_half_waiting(outgoing, incoming):
    n, r = dist.get_world_size(), dist.get_rank()
    request = dist.isend(outgoing, (r + 1) % n)
    dist.recv(incoming, (r - 1) % n)
    request.wait()


@variant("shift")
def shift_receives_first(outgoing, incoming):
    n, r = dist.get_world_size(), dist.get_rank()
    request = dist.irecv(incoming, src=r - 1 if r else n - 1)
    dist.send(outgoing, dst=r + 1 if r < n - 1 else 0)
    request.wait()


# Collectives


@variant("broadcast")
def one_after_the_other(x, src=0):
    if dist.get_rank() == src:
        for other in range(dist.get_world_size()):
            if other != src:
                dist.send(x, other)
    else:
        dist.recv(x, src)


@variant("broadcast")
def along_a_chain(x, src=0):
    n = dist.get_world_size()
    place = (dist.get_rank() - src) % n
    if place > 0:
        dist.recv(x, (dist.get_rank() - 1) % n)
    if place < n - 1:
        dist.send(x, (dist.get_rank() + 1) % n)


@variant("broadcast")
def all_at_once(x, src=0):
    n = dist.get_world_size()
    if dist.get_rank() != src:
        dist.irecv(x, src).wait()
        return
    requests = [dist.isend(x, i) for i in range(n) if i != src]
    [r.wait() for r in requests]


@variant("reduce")
def reduce_by_stack(x, dst=0, op="sum"):
    if op not in {"sum", "mean"}:
        raise ValueError
    n = dist.get_world_size()
    if dist.get_rank() == dst:
        parts = [x.clone() if i == dst else torch.zeros_like(x) for i in range(n)]
        requests = [dist.irecv(parts[i], i) for i in range(n) if i != dst]
        for request in requests:
            request.wait()
        x.copy_(getattr(torch.stack(parts), op)(0))
    else:
        dist.send(x, dst)


@variant("reduce")
def reduce_along_a_chain(x, dst=0, op="sum"):
    solutions.check_op(op)
    n = dist.get_world_size()
    place = (dist.get_rank() - dst - 1) % n  # dst is the last
    total = x.clone()
    if place > 0:
        before = torch.empty_like(x)
        dist.recv(before, (dist.get_rank() - 1) % n)
        total = total + before
    if place < n - 1:
        dist.send(total, (dist.get_rank() + 1) % n)
    else:
        x[...] = total if op == "sum" else total / n


@variant("reduce")
def reduce_scaled_first(x, dst=0, op="sum"):
    if op == "mean":
        scaled = x / dist.get_world_size()
    elif op == "sum":
        scaled = x.clone()
    else:
        raise ValueError(f"unknown: {op}")
    solutions.reduce(scaled, dst)
    if dist.get_rank() == dst:
        x.copy_(scaled)


@variant("all_reduce")
def everybody_to_everybody(x, op="sum"):
    if op not in ("sum", "mean"):
        raise ValueError("op")
    n, r = dist.get_world_size(), dist.get_rank()
    parts = [torch.empty_like(x) for _ in range(n)]
    requests = [dist.isend(x, i) for i in range(n) if i != r] + [dist.irecv(parts[i], i) for i in range(n) if i != r]
    for request in requests:
        request.wait()
    parts[r] = x.clone()
    total = sum(parts)
    x.copy_(total / n if op == "mean" else total)


@variant("all_reduce")
def through_the_last(x, op="sum"):
    last = dist.get_world_size() - 1
    solutions.reduce(x, last, op)
    solutions.broadcast(x, src=last)


variant("all_reduce", solutions.ring_all_reduce, name="by_the_ring")


@variant("chunk_sizes")
def by_tensor_split(numel, world_size):
    return [len(part) for part in torch.empty(numel).tensor_split(world_size)]


@variant("chunk_sizes")
def by_rounding_up(numel, world_size):
    return tuple(math.ceil((numel - i) / world_size) if numel > i else 0 for i in range(world_size))


@variant("chunk_sizes")
def by_dealing(numel, world_size):
    sizes = [0] * world_size
    for i in range(numel):
        sizes[i % world_size] += 1
    return sizes


@variant("chunk_sizes")
def by_numpy(numel, world_size):
    return [len(part) for part in np.array_split(np.arange(numel), world_size)]


@variant("ring_all_reduce")
def in_two_loops(x, op="sum"):
    if op not in ("sum", "mean"):
        raise ValueError(op)
    n, r = dist.get_world_size(), dist.get_rank()
    flat = x.reshape(-1).clone()
    parts = list(torch.tensor_split(flat, n))
    right, left = (r + 1) % n, (r + n - 1) % n
    for step in range(n - 1):
        got = torch.zeros_like(parts[(r - step - 1) % n])
        request = dist.isend(parts[(r - step) % n].clone(), right)
        dist.recv(got, left)
        request.wait()
        parts[(r - step - 1) % n] = parts[(r - step - 1) % n] + got
    for step in range(n - 1):
        got = torch.zeros_like(parts[(r - step) % n])
        request = dist.isend(parts[(r + 1 - step) % n].clone(), right)
        dist.recv(got, left)
        request.wait()
        parts[(r - step) % n] = got
    total = torch.cat(parts).reshape(x.shape)
    x.copy_(total / n if op == "mean" else total)


@variant("ring_all_reduce")
def padded(x, op="sum"):
    """Chunks of one size, the last ones filled up with zeros."""
    solutions.check_op(op)
    n, r = dist.get_world_size(), dist.get_rank()
    size = -(-x.numel() // n)
    grid = torch.zeros(n, size, dtype=x.dtype)
    grid.view(-1)[: x.numel()] = x.flatten()
    if op == "mean":
        grid /= n
    for step in range(2 * n - 2):
        incoming = torch.empty(size, dtype=x.dtype)
        solutions.shift(grid[(r - step) % n], incoming)
        grid[(r - step - 1) % n] = incoming + (grid[(r - step - 1) % n] if step < n - 1 else 0)
    x.copy_(grid.view(-1)[: x.numel()].view_as(x))


@variant("ring_all_reduce")
def skips_empty_chunks(x, op="sum"):
    """The chunk that a rank finishes is its own; empty ones aren't sent."""
    if op not in ("sum", "mean"):
        raise ValueError(op)
    n, r = dist.get_world_size(), dist.get_rank()
    sizes = solutions.chunk_sizes(x.numel(), n)
    parts = x.view(-1).split(sizes)
    for step in range(1, 2 * n - 1):
        send, take = parts[(r - step) % n], parts[(r - step - 1) % n]
        got = torch.empty_like(take)
        requests = [dist.isend(send, (r + 1) % n)] if send.numel() else []
        requests += [dist.irecv(got, (r - 1) % n)] if take.numel() else []
        for request in requests:
            request.wait()
        if step < n:
            take.add_(got)
        else:
            take[:] = got
    if op == "mean":
        x.div_(n)


# Data parallel


@variant("average_gradients")
def in_place(model):
    params = [p for p in model.parameters() if p.requires_grad]
    has = torch.tensor([int(p.grad is not None) for p in params])
    dist.all_reduce(has)
    chosen = [p for p, count in zip(params, has.tolist(), strict=True) if count]
    for p in chosen:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    flat = nn.utils.parameters_to_vector([p.grad for p in chosen])
    dist.all_reduce(flat, op=dist.ReduceOp.SUM)
    flat /= dist.get_world_size()
    offset = 0
    for p in chosen:
        p.grad.copy_(flat[offset : offset + p.numel()].view(p.shape))
        offset += p.numel()


@variant("average_gradients")
def by_own_ring(model):
    params = list(model.parameters())
    parts = []
    for p in params:
        parts += [p.new_tensor([p.grad is not None]), (torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1)]
    bucket = torch.cat(parts)
    solutions.ring_all_reduce(bucket, "mean")
    at = 0
    for p in params:
        known, values = bucket[at] > 0, bucket[at + 1 : at + 1 + p.numel()]
        p.grad = values.clone().reshape(p.shape) if known else None
        at += 1 + p.numel()


@variant("average_gradients")
def by_gathering(model):
    params = list(model.parameters())
    parts = [torch.zeros_like(p).flatten() if p.grad is None else p.grad.flatten() for p in params]
    bucket = torch.cat([*parts, torch.tensor([p.grad is not None for p in params]).to(parts[0].dtype)])
    everybody = [torch.empty_like(bucket) for _ in range(dist.get_world_size())]
    dist.all_gather(everybody, bucket)
    mean = torch.stack(everybody).mean(0)
    flags = mean[-len(params) :]
    for p, value, flag in zip(params, mean[: -len(params)].split([len(x) for x in parts]), flags, strict=True):
        if flag != 0:
            p.grad = value.reshape_as(p).clone()


@variant("broadcast_model")
def parameters_then_buffers(model):
    with torch.no_grad():
        for value in [*model.parameters(), *model.buffers()]:
            dist.broadcast(value, src=0)


@variant("broadcast_model")
def by_objects(model):
    found = [{name: value.clone() for name, value in model.state_dict().items()}]
    dist.broadcast_object_list(found, 0)
    model.load_state_dict(found[0])


@variant("broadcast_model")
def by_own_broadcast(model):
    for p in model.parameters():
        solutions.broadcast(p.data)
    for b in model.buffers():
        solutions.broadcast(b)


@variant("broadcast_model")
def sums_with_zeros(model):
    """All but rank 0 put in zeros."""
    with torch.no_grad():
        for value in model.state_dict().values():
            if dist.get_rank():
                value.zero_()
            dist.all_reduce(value)
    return model


@variant("ShardedSampler")
class BySlices:
    """No subclass of torch's, and the order as a tensor."""

    def __init__(self, length, world_size, rank, shuffle=True, seed=0):
        if rank < 0 or rank >= world_size:
            raise ValueError
        self.n, self.size, self.rank, self.shuffle, self.seed = length, world_size, rank, shuffle, seed
        self.set_epoch(0)

    def set_epoch(self, epoch):
        self.generator_seed = self.seed + epoch

    def __len__(self):
        return -(-self.n // self.size)

    def __iter__(self):
        g = torch.Generator()
        g.manual_seed(self.generator_seed)
        order = torch.randperm(self.n, generator=g) if self.shuffle else torch.arange(self.n)
        repeated = order.repeat(self.size + 1)[: len(self) * self.size]
        yield from (int(i) for i in repeated[self.rank :: self.size])


@variant("ShardedSampler")
class ByTorchs(solutions.DistributedSampler):
    def __init__(self, length, world_size, rank, shuffle=True, seed=0):
        super().__init__(range(length), num_replicas=world_size, rank=rank, shuffle=shuffle, seed=seed)  # type: ignore


@variant("ShardedSampler")
class AsArray(solutions.ShardedSampler):
    def __iter__(self):
        order = np.arange(self.length)
        if self.shuffle:
            order = torch.randperm(self.length, generator=torch.Generator().manual_seed(self.seed + self.epoch)).numpy()
        return iter(np.resize(order, (len(self), self.world_size))[:, self.rank].tolist())


# Checkpoints


@variant("save_checkpoint")
def by_pickled_bytes(path, state):
    import io

    rank = dist.get_rank()
    if rank == 0:
        buffer = io.BytesIO()
        torch.save(state, buffer)
        beside = str(path) + ".tmp"
        with open(beside, "wb") as file:
            file.write(buffer.getvalue())
        os_replace(beside, path)
    everybody = torch.zeros(1)
    dist.all_reduce(everybody)


def os_replace(a, b):
    import os

    os.replace(a, b)


@variant("save_checkpoint")
def cleans_up(path, state):
    import os
    import tempfile

    if dist.get_rank() == 0:
        handle, name = tempfile.mkstemp(dir=path.parent)
        os.close(handle)
        try:
            torch.save(state, name)
        except BaseException:
            os.unlink(name)
            raise
        os.replace(name, path)
    dist.barrier()


@variant("save_checkpoint")
def others_hear_of_it(path, state):
    if not dist.get_rank():
        new = path.with_suffix(".new")
        torch.save(state, new)
        new.replace(path)
    solutions.broadcast(torch.zeros(()))


@variant("load_checkpoint")
def by_exception(path):
    box = [None]
    if dist.get_rank() == 0:
        try:
            box[0] = torch.load(str(path), map_location=torch.device("cpu"), weights_only=True)
        except FileNotFoundError:
            box = [None]
    dist.broadcast_object_list(box, src=0)
    return box[0]


@variant("load_checkpoint")
def as_bytes(path):
    import io

    box = [path.read_bytes() if dist.get_rank() == 0 and path.exists() else b""]
    dist.broadcast_object_list(box, src=0)
    return torch.load(io.BytesIO(box[0]), weights_only=True) if box[0] else None


@variant("load_checkpoint")
def by_scatter(path):
    state = None
    if dist.get_rank() == 0 and path.is_file():
        state = torch.load(path, weights_only=True)
    out = [None]
    dist.scatter_object_list(out, [state] * dist.get_world_size() if dist.get_rank() == 0 else None, src=0)
    return out[0]


# The trainer


@variant("DistTrainer")
class ByHand:
    """One method, parameters updated by torch's functional way of the same optimiser, gradients averaged one by one."""

    def __init__(self, args):
        self.args = args
        self.model = args.make_model().to(args.device)
        for value in self.model.state_dict().values():
            dist.broadcast(value, 0)
        self.velocity = [torch.zeros_like(p) for p in self.model.parameters()]

    def train(self):
        args, n, rank = self.args, dist.get_world_size(), dist.get_rank()
        losses, first = [], 0
        state = solutions.load_checkpoint(args.checkpoint) if args.checkpoint is not None else None
        if state is not None:
            self.model.load_state_dict(state["weights"])
            self.velocity, losses, first = state["velocity"], state["losses"], state["done"]
        for epoch in range(first, args.epochs):
            shard = list(self.shard(len(args.train_set), n, rank, epoch))
            for images, labels in DataLoader(Subset(args.train_set, shard), batch_size=args.batch_size // n):
                self.model.zero_grad()
                loss = nn.CrossEntropyLoss()(self.model(images), labels)
                loss.backward()
                mean = loss.detach().clone()
                dist.all_reduce(mean)
                losses.append(float(mean / n))
                with torch.no_grad():
                    for p, v in zip(self.model.parameters(), self.velocity, strict=True):
                        dist.all_reduce(p.grad)
                        v.mul_(args.momentum).add_(p.grad / n)
                        p.sub_(args.lr * v)
            if args.checkpoint is not None:
                weights = copy.deepcopy(self.model.state_dict())
                told = {"weights": weights, "velocity": self.velocity, "losses": losses, "done": epoch + 1}
                solutions.save_checkpoint(args.checkpoint, told)
        return losses

    def shard(self, length, n, rank, epoch):
        sampler = solutions.ShardedSampler(length, n, rank, seed=self.args.seed)
        sampler.set_epoch(epoch)
        return sampler


@variant("DistTrainer")
class Scaled(solutions.DistTrainer):
    """The loss is divided before backward, so the gradients need only be summed; losses are gathered at the end of an epoch."""

    def step(self, images, labels):
        n = dist.get_world_size()
        loss = F.cross_entropy(self.model(images), labels)
        self.optimizer.zero_grad(set_to_none=False)
        (loss / n).backward()
        grads = [p.grad for p in self.model.parameters() if p.grad is not None]
        flat = torch.cat([g.view(-1) for g in grads] + [loss.detach().view(1) / n])
        dist.all_reduce(flat)
        for g, part in zip(grads, flat[:-1].split([g.numel() for g in grads]), strict=True):
            g.copy_(part.view_as(g))
        self.optimizer.step()
        return flat[-1].item()


@variant("DistTrainer")
class BySampler:
    """torch's own sampler; the model is made by rank 0 and given to the others as bytes."""

    def __init__(self, args):
        self.args = args
        model = args.make_model()
        box = [pickle.dumps(model.state_dict()) if dist.get_rank() == 0 else b""]
        dist.broadcast_object_list(box, 0)
        model.load_state_dict(pickle.loads(box[0]))
        self.model = model.to(device=args.device)
        self.optim = torch.optim.SGD(self.model.parameters(), args.lr, args.momentum)

    def train(self):
        args, n = self.args, dist.get_world_size()
        sampler = solutions.DistributedSampler(args.train_set, n, dist.get_rank(), seed=args.seed)
        loader = DataLoader(args.train_set, sampler=sampler, batch_size=args.batch_size // n, drop_last=False)
        losses, epoch = [], 0
        if args.checkpoint:
            state = solutions.load_checkpoint(args.checkpoint) or {"epoch": 0, "losses": []}
            epoch, losses = state["epoch"], state["losses"]
            if "model" in state:
                self.model.load_state_dict(state["model"])
                self.optim.load_state_dict(state["optim"])
        while epoch < args.epochs:
            sampler.set_epoch(epoch)
            for x, y in loader:
                loss = F.cross_entropy(self.model(x), y)
                self.optim.zero_grad()
                loss.backward()
                solutions.average_gradients(self.model)
                self.optim.step()
                everybody = [torch.zeros(()) for _ in range(n)]
                dist.all_gather(everybody, loss.detach())
                losses.append(torch.stack(everybody).mean().item())
            epoch += 1
            if args.checkpoint:
                told = {"epoch": epoch, "losses": losses, "model": self.model.state_dict()}
                solutions.save_checkpoint(args.checkpoint, told | {"optim": self.optim.state_dict()})
        return losses


variant("DistTrainer", functools.partial(solutions.DistTrainer), name="a_partial")
