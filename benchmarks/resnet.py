"""How long the course's ResNet34 takes, as a ratio to one in plain torch.nn, side by side in the same run.

python benchmarks/resnet.py [--quick] [--rounds 15] [--batch 4] [--size 224]
Prints the digits' accuracies and times too. `--quick` takes smaller images, fewer rounds and no digits.
"""

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import torch
import torch.nn.functional as F
from part2_cnns.solutions import TrainArgs, train_with_validation
from part2_resnets import reference, solutions
from torch import Tensor, nn

PARAMETERS = 21_797_672


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each; they take turns, so that what else the machine does falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()  # not counted: memory, caches
    for _ in range(rounds):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values) for name, values in times.items()}


def forward(model: nn.Module, images: Tensor) -> None:
    with torch.inference_mode():
        model(images)


def step(model: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor) -> None:
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()


def row(what: str, median: dict[str, float], limit: float) -> str:
    ratio = median["ours"] / median["torch.nn"]
    milliseconds = [f"{1000 * median[name]:9.1f} ms" for name in ("torch.nn", "ours")]
    return f"{what:34}{''.join(milliseconds)}{ratio:8.2f}   (at most {limit:.2f})"


def ratios(batch: int, size: int, rounds: int) -> None:
    """Prints one row each for the forward pass in eval and for a training step."""
    torch.manual_seed(0)
    theirs = reference.ResNet34()
    ours = solutions.copy_weights(solutions.ResNet34(), theirs)
    models = {"torch.nn": theirs, "ours": ours}
    images, labels = torch.randn(batch, 3, size, size), torch.randint(0, 1000, (batch,))
    for model in models.values():
        model.eval()
    with torch.inference_mode():
        difference = float((ours(images) - theirs(images)).abs().max())
    count = sum(p.numel() for p in ours.parameters())
    print(f"ResNet34: {count:,} parameters ({'as' if count == PARAMETERS else 'NOT as'} torchvision's)")
    print(f"largest difference of their logits: {difference:.0e} (at most 1e-05)\n")
    print(f"{'ResNet34, ' + f'{batch} images of {size}x{size}':34}{'torch.nn':>12}{'ours':>12}{'ratio':>8}")
    runs = {name: partial(forward, model, images) for name, model in models.items()}
    print(row("forward in eval", interleaved(runs, rounds), 1.10))
    for model in models.values():
        model.train()
    optimizers = {name: torch.optim.SGD(model.parameters(), lr=1e-3) for name, model in models.items()}
    steps = {name: partial(step, model, optimizers[name], images, labels) for name, model in models.items()}
    print(row("training step", interleaved(steps, rounds), 1.30))


def digits() -> None:
    """Prints accuracy on held-out digits and seconds for both networks of the lesson."""
    print()
    small = TrainArgs(make_model=solutions.SmallResNet, epochs=8)
    for name, args, goal in (("SimpleMLP", TrainArgs(), 0.95), ("SmallResNet", small, 0.97)):
        accuracies, begin = [], time.perf_counter()
        for args.seed in range(3):
            accuracies.append(train_with_validation(args)[2][-1])
        seconds = (time.perf_counter() - begin) / 3
        told = ", ".join(f"{value:.1%}" for value in accuracies)
        print(f"{name}: held-out digits {told} for seeds 0 to 2 (at least {goal:.0%}), {seconds:.1f} s each")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller images, fewer rounds, no digits")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=224)
    args = parser.parse_args()
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, Python {platform.python_version()}, {sys.platform}"
    )
    if args.quick:
        ratios(batch=2, size=96, rounds=5)
    else:
        ratios(args.batch, args.size, args.rounds)
        digits()


if __name__ == "__main__":
    main()
