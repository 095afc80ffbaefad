"""What the strides lesson's convolution and pooling cost beside PyTorch's own, measured in turn in the same run.

python benchmarks/convolution.py [--quick] [--rounds 15] [--threads 0]
A ratio is the lesson's time over torch's: 2.0 is twice as slow. Times are medians; "both" is forward and backward.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import torch
import torch.nn.functional as F
from part2_strides import solutions
from torch import Tensor

AT_MOST = {"conv2d": 4.0, "maxpool2d": 1.0}  # forward
BATCHES = {(1, 16): (32, 28), (3, 32): (32, 32), (64, 64): (4, 56), (256, 256): (4, 14)}  # channels: batch, size


@dataclass
class Case:
    """One row: the same function of the same inputs, by the lesson, by torch, and by a plain einsum where there is one."""

    name: str
    function: str
    inputs: tuple[Tensor, ...]
    ours: Callable[..., Tensor]
    torchs: Callable[..., Tensor]
    einsum: Callable[..., Tensor] | None = None

    @property
    def ways(self) -> list[Callable[..., Tensor]]:
        return [way for way in (self.torchs, self.ours, self.einsum) if way]


def conv2d_by_einsum(x: Tensor, weights: Tensor) -> Tensor:
    """The same convolution, 3 by 3 and padded by 1, as a sum over the view of six axes."""
    return solutions.conv2d_minimal(F.pad(x, (1, 1, 1, 1)), weights)


def cases(quick: bool) -> Iterator[Case]:
    torch.manual_seed(0)
    for (c_in, c_out), (batch, size) in BATCHES.items():
        inputs = torch.randn(batch // 4 if quick else batch, c_in, size, size), torch.randn(c_out, c_in, 3, 3)
        name = f"conv2d {c_in} -> {c_out}, 3x3, {tuple(inputs[0].shape)}"
        yield Case(
            name,
            "conv2d",
            inputs,
            lambda x, w: solutions.conv2d(x, w, padding=1),
            lambda x, w: F.conv2d(x, w, padding=1),
            conv2d_by_einsum,
        )
    for kernel, stride, padding in ((2, 2, 0), (3, 2, 1), (3, 1, 1)):
        x = torch.randn(1 if quick else 4, 64, 56, 56)
        name = f"maxpool2d {kernel}x{kernel}, stride {stride}, {tuple(x.shape)}"

        def ours(x: Tensor, options: tuple = (kernel, stride, padding)) -> Tensor:
            return solutions.maxpool2d(x, *options)

        def torchs(x: Tensor, options: tuple = (kernel, stride, padding)) -> Tensor:
            return F.max_pool2d(x, *options)

        yield Case(name, "maxpool2d", (x,), ours, torchs)


def forward(way: Callable[..., Tensor], inputs: tuple[Tensor, ...]) -> None:
    with torch.no_grad():
        way(*inputs)


def both(way: Callable[..., Tensor], inputs: tuple[Tensor, ...]) -> None:
    """Forward and backward, to all inputs, with a gradient from above that isn't constant."""
    inputs = tuple(x.detach().requires_grad_() for x in inputs)
    y = way(*inputs)
    torch.autograd.grad(y, inputs, y.detach())


def medians(run: Callable, case: Case, rounds: int) -> list[float]:
    """Milliseconds of each way, taken in turn: what else the machine does falls on all of them alike."""
    times: list[list[float]] = [[] for _ in case.ways]
    for number in range(rounds + 2):
        for way, known in zip(case.ways, times, strict=True):
            before = time.perf_counter()
            run(way, case.inputs)
            if number >= 2:  # the first rounds warm up
                known.append(1000 * (time.perf_counter() - before))
    return [statistics.median(known) for known in times]


def row(case: Case, rounds: int) -> tuple[str, float]:
    """The table's line, and the forward ratio."""
    torchs, ours, *einsum = medians(forward, case, rounds)
    torchs_both, ours_both, *einsum_both = medians(both, case, rounds)
    numbers = [f"{torchs:9.2f}", f"{ours / torchs:9.2f}", *(f"{t / torchs:9.2f}" for t in einsum or [])]
    numbers += [" " * 9] * (3 - len(numbers))
    numbers += [f"{torchs_both:9.2f}", f"{ours_both / torchs_both:9.2f}"]
    numbers += [f"{t / torchs_both:9.2f}" for t in einsum_both]
    return f"{case.name:46}{''.join(numbers)}", ours / torchs


def check(case: Case) -> None:
    """A fast wrong answer is worth nothing."""
    for way in case.ways:
        torch.testing.assert_close(way(*case.inputs), case.torchs(*case.inputs), rtol=1e-3, atol=1e-3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="smaller batches, fewer rounds: seconds instead of minutes"
    )
    parser.add_argument("--rounds", type=int, default=0, help="measurements of each (15, or 7 with --quick)")
    parser.add_argument("--threads", type=int, default=0, help="torch's threads; 0 leaves them as they are")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    busy = psutil.cpu_percent(interval=0.5)
    if busy > 30:
        sys.stderr.write(
            f"other programs keep the processor {busy:.0f} % busy: ratios mislead, try --threads 1, or later\n"
        )
    rounds = options.rounds or (7 if options.quick else 15)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, median of {rounds}, float32")
    print(f"{'':46}{'forward':>9}{'':18}{'both':>9}")
    print(f"{'':46}" + f"{'torch ms':>9}{'ours':>9}{'einsum':>9}" * 2)
    slow = []
    for case in cases(options.quick):
        check(case)
        line, ratio = row(case, rounds)
        print(line, flush=True)
        if ratio > AT_MOST[case.function]:
            slow.append(
                f"{case.name}: {ratio:.2f} times torch's forward, at most {AT_MOST[case.function]} was promised"
            )
    sys.stderr.write("".join(f"{line}\n" for line in slow))
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
