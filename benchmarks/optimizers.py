"""How long a step of the course's optimisers takes, as a ratio to torch.optim's by default, side by side in one run.

python benchmarks/optimizers.py [--quick] [--rounds 15] [--threads 0]
A ratio is the lesson's time over torch's: 2.0 is twice as slow. Medians of steps taken in turn; 23 million parameters in
the tensors of a ResNet34, and a thousand small tensors, where the calls count and not the numbers.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil
import torch
from part2_resnets import reference
from part4_optimization import solutions
from torch import Tensor

AT_MOST = 1.5
MILLIONS = 23
Pair = tuple[Callable[..., Any], Callable[..., Any], dict[str, Any]]  # ours, torch's, and their settings
PAIRS: dict[str, Pair] = {
    "SGD": (solutions.SGD, torch.optim.SGD, {"lr": 1e-4}),
    "SGD, momentum": (solutions.SGD, torch.optim.SGD, {"lr": 1e-4, "momentum": 0.9, "weight_decay": 1e-4}),
    "Nesterov": (solutions.Nesterov, partial(torch.optim.SGD, nesterov=True), {"lr": 1e-4, "momentum": 0.9}),
    "RMSprop": (solutions.RMSprop, torch.optim.RMSprop, {"lr": 1e-4}),
    "RMSprop, momentum": (solutions.RMSprop, torch.optim.RMSprop, {"lr": 1e-4, "momentum": 0.9}),
    "Adam": (solutions.Adam, torch.optim.Adam, {}),
    "AdamW": (solutions.AdamW, torch.optim.AdamW, {}),
    "ForeachAdam": (solutions.ForeachAdam, torch.optim.Adam, {}),
    "GroupedSGD": (solutions.GroupedSGD, torch.optim.SGD, {"lr": 1e-4, "momentum": 0.9}),
}


def network() -> list[tuple[int, ...]]:
    """The shapes of a ResNet34's parameters, and one matrix more, so that there are 23 million numbers."""
    shapes = [tuple(p.shape) for p in reference.ResNet34().parameters()]
    left = MILLIONS * 10**6 - sum(torch.Size(shape).numel() for shape in shapes)
    return [*shapes, (left // 1000, 1000)]


def many_small() -> list[tuple[int, ...]]:
    return [(16, 16), (16,)] * 500


def parameters(shapes: list[tuple[int, ...]], seed: int = 0) -> list[Tensor]:
    chance = torch.Generator().manual_seed(seed)
    made = [torch.randn(shape, generator=chance).requires_grad_() for shape in shapes]
    for p in made:
        p.grad = torch.randn(p.shape, generator=chance)
    return made


def ratio(pair: Pair, shapes: list[tuple[int, ...]], rounds: int) -> tuple[float, float, float]:
    """Milliseconds of torch's step and of ours, and how much the parameters differ after all of them."""
    ours, theirs, settings = pair
    sets = parameters(shapes), parameters(shapes)
    optimizers = [make(params, **settings) for make, params in zip((theirs, ours), sets, strict=True)]
    times: list[list[float]] = [[], []]
    for number in range(rounds + 2):
        for optimizer, seen in zip(optimizers, times, strict=True):
            begin = time.perf_counter()
            optimizer.step()
            if number >= 2:  # the first steps make the memory
                seen.append(1000 * (time.perf_counter() - begin))
    difference = max(float((p.detach() - q.detach()).abs().max()) for p, q in zip(*sets, strict=True))
    return statistics.median(times[0]), statistics.median(times[1]), difference


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--rounds", type=int, default=0, help="steps of each (15, or 5 with --quick)")
    parser.add_argument("--threads", type=int, default=0, help="torch's threads; 0 leaves them as they are")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    if (busy := psutil.cpu_percent(interval=0.5)) > 30:
        sys.stderr.write(f"other programs keep the processor {busy:.0f} % busy: try --threads 1, or later\n")
    rounds = options.rounds or (5 if options.quick else 15)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, median of {rounds}, float32")
    slow = []
    for title, shapes in ((f"{MILLIONS} million parameters", network()), ("1000 small tensors", many_small())):
        count = sum(torch.Size(shape).numel() for shape in shapes)
        print(f"\n{title}: {count:,} numbers in {len(shapes)} tensors")
        print(f"{'':20}{'torch ms':>10}{'ours ms':>10}{'ratio':>8}{'difference':>12}")
        for name, pair in PAIRS.items():
            torchs, ours, difference = ratio(pair, shapes, rounds)
            print(f"{name:20}{torchs:10.2f}{ours:10.2f}{ours / torchs:8.2f}{difference:12.0e}", flush=True)
            if ours / torchs > AT_MOST or difference > 1e-5:
                slow.append(f"{title}, {name}: {ours / torchs:.2f} times torch's step, at most {AT_MOST} was promised")
    sys.stderr.write("".join(f"{line}\n" for line in slow))
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
