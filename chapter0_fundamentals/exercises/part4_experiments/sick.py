"""The six sick trainings of the lesson. Whoever reads on knows what ails them: judge the curves first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from part2_cnns.solutions import get_digits
from torch import Tensor, nn


@dataclass
class Curve:
    """The losses of one training: before each step on its batch, after it on the held-out digits."""

    train: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    healthy: list[float] = field(default_factory=list)  # the training loss of a training without faults


@dataclass
class Training:
    """A training of a small network on digits; the defaults are healthy."""

    lr: float = 0.2
    steps: int = 150
    batch_size: int = 32
    clears: bool = True
    shuffles: bool = True
    starts: Callable[[Tensor], Tensor] = lambda weights: weights
    examples: int = 2000
    wrong_labels: int = 0

    def run(self) -> Curve:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        for p in model.parameters():
            self.starts(p)
        optimizer, batches, held_out = (
            torch.optim.SGD(model.parameters(), self.lr),
            self.batches(),
            get_digits(False)[:],
        )
        curve = Curve()
        for _ in range(self.steps):
            images, labels = next(batches)
            loss = F.cross_entropy(model(images), labels)
            if self.clears:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            curve.train.append(loss.item())
            with torch.no_grad():
                curve.held_out.append(F.cross_entropy(model(held_out[0]), held_out[1]).item())
        return curve

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches without end."""
        images, labels = (part[: self.examples].clone() for part in get_digits(True)[:])
        labels[: self.wrong_labels] = torch.randint(10, (self.wrong_labels,))
        by_class = labels.argsort(stable=True)
        while True:
            order = torch.randperm(len(labels)) if self.shuffles else by_class
            for chosen in order.split(self.batch_size):
                yield images[chosen], labels[chosen]


FAULTS = {
    "A": Training(lr=0.02, clears=False),
    "B": Training(lr=0.01),
    "C": Training(lr=0.3, steps=600, batch_size=20, examples=40, wrong_labels=8),
    "D": Training(lr=3.0),
    "E": Training(starts=lambda weights: nn.init.zeros_(weights)),
    "F": Training(shuffles=False),
}


def curves() -> dict[str, Curve]:
    """The six trainings by their letters, each beside the healthy one."""
    healthy, found = Training().run().train, {letter: training.run() for letter, training in FAULTS.items()}
    for curve in found.values():
        curve.healthy = healthy
    return found
