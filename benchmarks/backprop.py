"""How long one epoch of training takes with the course's autograd engine, beside three others in the same run.

python benchmarks/backprop.py [--quick] [--rounds 41] [--answers]
The network is 64-64-10 on scikit-learn's digits in batches of 64, float32, one thread, plain gradient descent. All ways
begin with the same weights, take the same batches, and must end with the same weights. `by hand` writes each slope out in
NumPy and keeps no graph; `scalars` makes one node of each number, and is timed on a few images.
"""

import argparse
import importlib
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

BATCH, RATE = 64, 0.5
Arrays = list[np.ndarray]


def batches() -> list[tuple[np.ndarray, np.ndarray]]:
    """Four fifths of the digits, shuffled."""
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))[: len(labels) * 4 // 5]
    images, labels = (pixels[order] / 16).astype(np.float32), labels[order]
    return [(images[i : i + BATCH], labels[i : i + BATCH]) for i in range(0, len(order), BATCH)]


def weights() -> Arrays:
    """Two layers: weight, bias, weight, bias."""
    rng = np.random.default_rng(1)
    made = [rng.uniform(-1, 1, shape) / 8 for shape in ((64, 64), (64,), (64, 10), (10,))]
    return [array.astype(np.float32) for array in made]


def by_hand(data: list, params: Arrays) -> float:
    w1, b1, w2, b2 = params
    loss = 0.0
    for x, y in data:
        rows = np.arange(len(y))
        h = x @ w1 + b1
        a = np.maximum(h, 0)
        z = a @ w2 + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = float(-np.log(p[rows, y]).mean())
        p[rows, y] -= 1
        p /= len(y)
        grad_h = (p @ w2.T) * (h > 0)
        for param, grad in zip(params, (x.T @ grad_h, grad_h.sum(axis=0), a.T @ p, p.sum(axis=0)), strict=True):
            param -= RATE * grad
    return loss


def ours(engine: Any, cross_entropy: Callable, data: list, arrays: Arrays) -> float:
    """The epoch with `engine.Tensor`."""
    params = [engine.Tensor(array, requires_grad=True) for array in arrays]
    w1, b1, w2, b2 = params
    loss = engine.Tensor(0.0)
    for x, y in data:
        logits = (engine.Tensor(x) @ w1 + b1).relu() @ w2 + b2
        loss = cross_entropy(logits, y)
        loss.backward()
        for param in params:
            param.array -= RATE * param.grad.array
            param.grad = None
    return loss.item()


def in_small_steps(logits: Any, labels: np.ndarray) -> Any:
    """The mean cross-entropy of the batch, each operation a node of the graph."""
    shifted = logits - logits.array.max(axis=1, keepdims=True)  # a constant: the slope of the shift is 0
    total = shifted.exp().sum(1).log().sum() - shifted[np.arange(len(labels)), labels].sum()
    return total / len(labels)


def torch_eager(data: list, arrays: Arrays) -> float:
    params = [torch.from_numpy(array).requires_grad_() for array in arrays]
    optimizer, (w1, b1, w2, b2) = torch.optim.SGD(params, lr=RATE), params
    loss = torch.tensor(0.0)
    for x, y in data:
        loss = F.cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(loss.detach())


class Scalar:
    """A number that knows its parents, each with the slope towards it."""

    __slots__ = ("grad", "parents", "value")

    def __init__(self, value: float, *parents: tuple["Scalar", float]) -> None:
        self.value, self.parents, self.grad = value, parents, 0.0

    def __add__(self, other: "Scalar") -> "Scalar":
        return Scalar(self.value + other.value, (self, 1.0), (other, 1.0))

    def __mul__(self, other: "Scalar") -> "Scalar":
        return Scalar(self.value * other.value, (self, other.value), (other, self.value))

    def relu(self) -> "Scalar":
        return Scalar(max(self.value, 0.0), (self, float(self.value > 0)))

    def exp(self) -> "Scalar":
        value = math.exp(self.value)
        return Scalar(value, (self, value))

    def log(self) -> "Scalar":
        return Scalar(math.log(self.value), (self, 1 / self.value))

    def backward(self) -> None:
        order: list[Scalar] = []
        seen: set[Scalar] = {self}
        todo: list[tuple[Scalar, Iterator[tuple[Scalar, float]]]] = [(self, iter(self.parents))]
        while todo:
            node, parents = todo[-1]
            for parent, _ in parents:
                if parent not in seen:
                    seen.add(parent)
                    todo.append((parent, iter(parent.parents)))
                    break
            else:
                order.append(todo.pop()[0])
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.grad += slope * node.grad


def scalar_layer(x: list[Scalar], w: list[list[Scalar]], b: list[Scalar]) -> Iterator[Scalar]:
    for column, bias in enumerate(b):
        total = bias
        for i, value in enumerate(x):
            total = total + value * w[i][column]
        yield total


def scalars(data: list, arrays: Arrays) -> float:
    """One step a batch; the values are written back into the arrays."""
    loss = Scalar(0.0)
    for x, y in data:
        w1, b1, w2, b2 = ([made(row) for row in array] for array in arrays)
        losses = Scalar(0.0)
        for image, label in zip(x, y, strict=True):
            hidden = [value.relu() for value in scalar_layer(made(image), w1, b1)]
            logits = list(scalar_layer(hidden, w2, b2))
            total = Scalar(0.0)
            for logit in logits:
                total = total + logit.exp()
            losses = losses + total.log() + logits[label] * Scalar(-1.0)
        loss = losses * Scalar(1 / len(y))
        loss.backward()
        for array, params in zip(arrays, (w1, b1, w2, b2), strict=True):
            array -= RATE * np.array(slopes(params), dtype=np.float32)
    return loss.value


def made(row: Any) -> Any:
    return [Scalar(float(value)) for value in row] if np.ndim(row) else Scalar(float(row))


def slopes(params: Any) -> Any:
    return [slopes(p) for p in params] if isinstance(params, list) else params.grad


def agree(ways: dict[str, Callable[[Arrays], float]], data: list) -> None:
    """Stops unless all ways end with the weights that `by_hand` has after `data`."""
    wanted = weights()
    by_hand(data, wanted)
    for name, epoch in ways.items():
        params = weights()
        epoch(params)
        off = max(float(abs(a - b).max()) for a, b in zip(params, wanted, strict=True))
        if off > 1e-4:
            raise SystemExit(f"{name} ends with other weights: they differ by {off:.1e}")


def interleaved(ways: dict[str, Callable[[Arrays], float]], rounds: int) -> dict[str, list[float]]:
    """The seconds of processor time of each, in rounds in which all take turns; the first round isn't counted."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for count in range(rounds + 1):
        for name, epoch in ways.items():
            params = weights()
            start = time.process_time()
            epoch(params)
            if count:
                times[name].append(time.process_time() - start)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="5 rounds")
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--answers", action="store_true", help="time the engine of answers.py")
    args = parser.parse_args()
    torch.set_num_threads(1)
    threadpool_limits(1)  # of NumPy's matrix products
    engine = importlib.import_module(f"part3_backprop.{'answers' if args.answers else 'solutions'}")
    networks = importlib.import_module("part3_networks.solutions")
    if args.answers:
        networks.at_once = networks.once.cross_entropy(engine.wrap_forward_fn, engine.BACK_FUNCS)
    data = batches()
    tensors = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in data]
    ways = {
        "by hand": partial(by_hand, data),
        "ours": partial(ours, engine, networks.at_once, data),
        "ours, 14 nodes": partial(ours, engine, in_small_steps, data),
        "torch eager": partial(torch_eager, tensors),
    }
    agree(ways, data)
    few = [(x[:8], y[:8]) for x, y in data[:1]]
    slow = {"scalars": partial(scalars, few)}
    agree(slow, few)
    images = sum(len(y) for _, y in data)
    print(f"NumPy {np.__version__}, torch {torch.__version__}, Python {platform.python_version()}, {sys.platform}")
    print(
        f"64-64-10, {images} digits in batches of {BATCH}, float32, one thread: milliseconds of processor time for one epoch\n"
    )
    times = interleaved(ways, 5 if args.quick else args.rounds)
    times["scalars"] = [t * images / 8 for t in interleaved(slow, 1)["scalars"]]
    print(f"{'':14}{'median':>12}{'least':>12}{'by hand = 1':>14}")
    for name, values in times.items():
        median = statistics.median(values)
        ratio = statistics.median(v / h for v, h in zip(values, times["by hand"], strict=False))
        print(f"{name:14}{1000 * median:12.1f}{1000 * min(values):12.1f}{ratio:14.2f}")
    print(
        "\n`ours` has the loss as one operation, as the lesson's training loop, torch and `by hand` do; `14 nodes` makes it of eight."
    )
    print("The ratio is the median of the rounds' ratios. Aims: ours at most 1.5, and below torch eager.")
    print("`scalars` is timed on 8 images, times how many there are.")


if __name__ == "__main__":
    main()
