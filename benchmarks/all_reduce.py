"""How long a ring all-reduce takes against going through rank 0, as ratios, side by side in the same processes; and its bytes.

python benchmarks/all_reduce.py [--quick] [--rounds 7] [--ranks 2 3 4] [--megabytes 1 4 16 64]
`rank 0` is the lesson's all_reduce (reduce to rank 0, then a tree), `star` sends from rank 0 to one after the
other, `torch` is gloo's own. Prints how far two processes' training is from one's, too.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import torch
import torch.distributed as dist
from part4_distributed import ranks, solutions
from torch import Tensor, nn


def star(x: Tensor) -> None:
    """Everything to rank 0, and from there to one after the other."""
    solutions.reduce(x, 0)
    for other in range(1, dist.get_world_size()):
        if dist.get_rank() == 0:
            dist.send(x, other)
        elif dist.get_rank() == other:
            dist.recv(x, 0)


WAYS: dict[str, Callable[[Tensor], object]] = {
    "ring": solutions.ring_all_reduce,
    "rank 0": solutions.all_reduce,
    "star": star,
    "torch": dist.all_reduce,
}


def measured(numel: int, rounds: int) -> dict[str, float]:
    """Median seconds of each way; they take turns. The slowest rank counts."""
    ranks.hurry()
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for turn in range(rounds + 1):
        for name, reduce in WAYS.items():
            x = torch.ones(numel)
            dist.barrier()
            begin = time.perf_counter()
            reduce(x)
            seconds = torch.tensor(time.perf_counter() - begin)
            dist.all_reduce(seconds, op=dist.ReduceOp.MAX)
            if turn:  # the first is not counted: memory, connections
                times[name].append(seconds.item())
    return {name: statistics.median(values) for name, values in times.items()}


def row(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>16}" for cell in cells)


def timings(sizes: Sequence[int], counts: Sequence[int], rounds: int) -> None:
    print(row(["ranks", "MB", "ring, ms", *(f"{name} / ring" for name in list(WAYS)[1:])]))
    for n in counts:
        for megabytes in sizes:
            found = ranks.run(n, measured, megabytes * 1_000_000 // 4, rounds, seconds=600)[0]
            ratios = [f"{found[name] / found['ring']:.2f}" for name in list(WAYS)[1:]]
            print(row([str(n), str(megabytes), f"{1000 * found['ring']:.1f}", *ratios]), flush=True)


def traffic(counts: Sequence[int]) -> None:
    """The bytes that each rank sends, against 2(n-1)/n of the tensor."""
    print("\nbytes sent by each rank, as a share of the tensor (1,200,000 bytes)")
    print(row(["ranks", "ring", "2(n-1)/n", "rank 0, star"]))
    for n in counts:
        ring = ranks.bytes_sent(n, solutions.ring_all_reduce, torch.ones(300_000))
        most = ranks.bytes_sent(n, star, torch.ones(300_000))
        shares = [f"{value / 1_200_000:.3f}" for value in (max(ring), 2 * (n - 1) / n * 1_200_000, max(most))]
        print(row([str(n), *shares]), flush=True)


def agreement() -> None:
    """Training on the digits in 3 processes, against one: 1437 images are dealt out without a remainder."""
    losses, models = zip(*(ranks.run(n, trained)[0] for n in (1, 3)), strict=True)
    weights = [nn.utils.parameters_to_vector(model.parameters()) for model in models]
    far = float((weights[0] - weights[1]).detach().abs().max())
    print(
        f"\ntraining, 3 processes against 1: weights differ by {far:.0e} after {len(losses[0])} steps (at most 1e-05)"
    )
    pair = solutions.DistArgs(train_set=torch.utils.data.Subset(solutions.get_digits(train=True), range(1436)))
    losses, models = zip(*(ranks.run(n, trained, pair)[0] for n in (1, 2)), strict=True)
    weights = [nn.utils.parameters_to_vector(model.parameters()) for model in models]
    far = float((weights[0] - weights[1]).detach().abs().max())
    print(f"training, 2 processes against 1: weights differ by {far:.0e} after {len(losses[0])} steps (at most 1e-05)")


def trained(args: solutions.DistArgs | None = None) -> tuple[list[float], nn.Module]:
    return solutions.trained(solutions.DistTrainer, args or solutions.DistArgs())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller tensors, fewer rounds")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 3, 4])
    parser.add_argument("--megabytes", type=int, nargs="+", default=[1, 4, 16, 64])
    args = parser.parse_args()
    versions = f"torch {torch.__version__}, Python {platform.python_version()}, {sys.platform}"
    print(f"{versions}, gloo on loopback, {os.cpu_count()} cores\n")
    if args.quick:
        args.rounds, args.megabytes = 3, [1, 4]
    timings(args.megabytes, args.ranks, args.rounds)
    traffic(args.ranks)
    agreement()


if __name__ == "__main__":
    main()
