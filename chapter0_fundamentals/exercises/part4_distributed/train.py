"""Trains on the digits in all processes that torchrun makes: with your `DistTrainer`, or with the course's while yours isn't written.

torchrun --standalone --nproc-per-node=2 train.py [--epochs 4] [--checkpoint run.pt] [--course] [--die]
"""

import argparse
import importlib
import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from part2_cnns.solutions import accuracy, get_digits
from torch.utils.data import Dataset

from part4_distributed import solutions


class DiesOnce(Dataset):
    """The digits; the last rank dies in its second epoch, unless torchrun has restarted it already."""

    def __init__(self) -> None:
        self.digits, self.taken = get_digits(train=True), 0

    def __len__(self) -> int:
        return len(self.digits)

    def __getitem__(self, index: int) -> Any:
        self.taken += 1
        again = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", 0)) > 0
        size = dist.get_world_size()
        if not again and dist.get_rank() == size - 1 and self.taken > 1.5 * len(self.digits) / size:
            print(f"rank {size - 1} dies", flush=True)
            os._exit(13)
        return self.digits[index]


def trainer_class(course: bool) -> tuple[type, str]:
    """The learner's trainer, if it can be made; and whose it is."""
    if not course and Path(__file__).with_name("answers.py").is_file():
        answers = importlib.import_module("part4_distributed.answers")
        if "NotImplementedError" not in _names(answers.DistTrainer):
            return answers.DistTrainer, "answers.py"
    return solutions.DistTrainer, "the course"


def _names(written: type) -> set[str]:
    """The names that the methods of a class use."""
    methods = [value.__code__ for value in vars(written).values() if hasattr(value, "__code__")]
    return {name for code in methods for name in code.co_names}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--course", action="store_true", help="train with the course's DistTrainer")
    parser.add_argument("--die", action="store_true", help="let the last rank die once, in the second epoch")
    args = parser.parse_args()
    if "RANK" not in os.environ:
        sys.exit("torchrun makes the processes: torchrun --standalone --nproc-per-node=2 train.py")
    device = solutions.join()
    make_trainer, whose = trainer_class(args.course)
    torch.manual_seed(dist.get_rank())
    options: dict[str, Any] = {"train_set": DiesOnce()} if args.die else {}
    begin = time.perf_counter()
    trainer = make_trainer(solutions.DistArgs(epochs=args.epochs, checkpoint=args.checkpoint, device=device, **options))
    losses = trainer.train()
    if dist.get_rank() == 0:
        right = accuracy(trainer.model.cpu(), get_digits(train=False))
        where = f"{dist.get_world_size()} x {device.type}, {dist.get_backend()}"
        print(f"{whose} on {where}: {len(losses)} steps in {time.perf_counter() - begin:.1f} s")
        print(f"last loss {losses[-1]:.6f}, held-out digits right: {right:.1%}", flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
