import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from part2_cnns.solutions import SimpleMLP, get_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Sampler


def send_receive(x: Tensor, src: int, dst: int) -> None:
    """Writes into `x` of rank `dst` what `x` of rank `src` holds; called by every rank."""
    rank = dist.get_rank()
    if src == dst:
        return
    if rank == src:
        dist.send(x, dst)
    elif rank == dst:
        dist.recv(x, src)


def shift(outgoing: Tensor, incoming: Tensor) -> None:
    """Sends `outgoing` to the next rank, and writes what the rank before sends into `incoming`; the last one's next is rank 0."""
    rank, size = dist.get_rank(), dist.get_world_size()
    requests = [dist.isend(outgoing, (rank + 1) % size), dist.irecv(incoming, (rank - 1) % size)]
    for request in requests:
        request.wait()


def broadcast(x: Tensor, src: int = 0) -> None:
    size = dist.get_world_size()
    place, reached = (dist.get_rank() - src) % size, 1
    while reached < size:
        if place < reached and place + reached < size:
            dist.send(x, (place + reached + src) % size)
        elif reached <= place < 2 * reached:
            dist.recv(x, (place - reached + src) % size)
        reached *= 2


def reduce(x: Tensor, dst: int = 0, op: str = "sum") -> None:
    check_op(op)
    size = dist.get_world_size()
    if dist.get_rank() != dst:
        dist.send(x, dst)
        return
    part = torch.empty_like(x)
    for other in range(size):
        if other != dst:
            dist.recv(part, other)
            x += part
    if op == "mean":
        x /= size


def check_op(op: str) -> None:
    if op not in ("sum", "mean"):
        raise ValueError(f"op={op!r}: there are 'sum' and 'mean'")


def all_reduce(x: Tensor, op: str = "sum") -> None:
    reduce(x, 0, op)
    broadcast(x, 0)


def chunk_sizes(numel: int, world_size: int) -> list[int]:
    small, more = divmod(numel, world_size)
    return [small + (i < more) for i in range(world_size)]


def ring_all_reduce(x: Tensor, op: str = "sum") -> None:
    check_op(op)
    rank, size = dist.get_rank(), dist.get_world_size()
    chunks = x.view(-1).split(chunk_sizes(x.numel(), size))
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


def average_gradients(model: nn.Module) -> None:
    parameters = list(model.parameters())
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    has = torch.tensor([float(p.grad is not None) for p in parameters])
    bucket = torch.cat([grad.flatten() for grad in grads] + [has.to(grads[0])])
    dist.all_reduce(bucket)
    *sums, counts = bucket.split([p.numel() for p in parameters] + [len(parameters)])
    for p, total, count in zip(parameters, sums, counts, strict=True):
        if count > 0:
            p.grad = total.view_as(p) / dist.get_world_size()


def broadcast_model(model: nn.Module) -> None:
    for value in model.state_dict().values():
        dist.broadcast(value, 0)


class ShardedSampler(Sampler[int]):
    def __init__(self, length: int, world_size: int, rank: int, shuffle: bool = True, seed: int = 0) -> None:
        if not 0 <= rank < world_size:
            raise ValueError(f"rank={rank}: with {world_size} ranks it is from 0 to {world_size - 1}")
        self.length, self.world_size, self.rank = length, world_size, rank
        self.shuffle, self.seed, self.epoch = shuffle, seed, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return math.ceil(self.length / self.world_size)

    def __iter__(self) -> Iterator[int]:
        order = list(range(self.length))
        if self.shuffle:
            generator = torch.Generator().manual_seed(self.seed + self.epoch)
            order = torch.randperm(self.length, generator=generator).tolist()
        total = len(self) * self.world_size
        return iter([order[i % self.length] for i in range(self.rank, total, self.world_size)])


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    if dist.get_rank() == 0:
        written = path.with_name(path.name + ".part")
        torch.save(state, written)
        os.replace(written, path)
    dist.barrier()


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    found = [None]
    if dist.get_rank() == 0 and path.is_file():
        found = [torch.load(path, map_location="cpu", weights_only=True)]
    dist.broadcast_object_list(found, 0)
    return found[0]


@dataclass
class DistArgs:
    make_model: Callable[[], nn.Module] = SimpleMLP
    train_set: Dataset = field(default_factory=lambda: get_digits(train=True))
    epochs: int = 2
    batch_size: int = 60
    lr: float = 0.1
    momentum: float = 0.9
    seed: int = 0
    checkpoint: Path | None = None
    device: torch.device = torch.device("cpu")


class DistTrainer:
    def __init__(self, args: DistArgs) -> None:
        self.args, self.model = args, args.make_model().to(args.device)
        broadcast_model(self.model)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=args.lr, momentum=args.momentum)
        size = dist.get_world_size()
        self.sampler = ShardedSampler(len(args.train_set), size, dist.get_rank(), seed=args.seed)
        self.loader = DataLoader(args.train_set, args.batch_size // size, sampler=self.sampler)

    def step(self, images: Tensor, labels: Tensor) -> float:
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.model(images), labels)
        loss.backward()
        average_gradients(self.model)
        self.optimizer.step()
        total = loss.detach()
        dist.all_reduce(total)
        return total.item() / dist.get_world_size()

    def train(self) -> list[float]:
        path, losses, begin = self.args.checkpoint, [], 0
        if path and (state := load_checkpoint(path)):
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            losses, begin = state["losses"], state["epoch"]
        for epoch in range(begin, self.args.epochs):
            self.sampler.set_epoch(epoch)
            for images, labels in self.loader:
                losses.append(self.step(images.to(self.args.device), labels.to(self.args.device)))
            if path:
                save_checkpoint(
                    path,
                    {
                        "epoch": epoch + 1,
                        "losses": losses,
                        "model": self.model.state_dict(),
                        "optimizer": self.optimizer.state_dict(),
                    },
                )
        return losses
