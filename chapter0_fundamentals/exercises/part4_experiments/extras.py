"""What needs a library that the course doesn't: a search by Optuna, a log by Weights & Biases. Both are optional."""

import importlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from coach import say


def optional(name: str, extra: str) -> ModuleType:
    """The module `name`; where it isn't installed, an error that says how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        zh = f'没有安装 {name}。它是可选的；想用就运行 `pip install "{name}"`，或在课程文件夹里 `pip install -e ".[{extra}]"`'
        en = f'{name} isn\'t installed. It is optional; to use it, run `pip install "{name}"`, or in the course\'s folder `pip install -e ".[{extra}]"`'
        raise ImportError(say(zh=zh, en=en), name=name) from error


def optuna_search(train: Callable[[float], float], low: float, high: float, trials: int, seed: int = 0) -> str:
    """What Optuna finds between `low` and `high` on a log scale, in a sentence; without Optuna how to get it."""
    try:
        optuna: Any = optional("optuna", "sweep")
    except ImportError as error:
        return str(error)
    optuna.logging.set_verbosity(logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(lambda trial: train(trial.suggest_float("lr", low, high, log=True)), n_trials=trials)
    return f"Optuna: {study.best_value:.1%} with lr {study.best_params['lr']:.2g}"


class WandbLog:
    """A `RunLog` that hands its records to Weights & Biases; offline by default, so without an account."""

    def __init__(self, folder: str | Path, project: str = "part4-experiments", mode: str = "offline") -> None:
        wandb: Any = optional("wandb", "wandb")
        Path(folder).mkdir(parents=True, exist_ok=True)
        self.run = wandb.init(project=project, dir=str(folder), mode=mode)

    def log(self, record: Mapping[str, Any]) -> None:
        """What describes the run goes into its settings, all else onto its curves."""
        if "args" in record:
            self.run.config.update(record["args"])
        else:
            self.run.log(dict(record))

    def close(self) -> None:
        self.run.finish()

    def __enter__(self) -> "WandbLog":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
