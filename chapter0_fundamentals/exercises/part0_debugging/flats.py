"""The data of the training script in which three bugs hide: flats, made up, and their rents."""

import numpy as np
from jaxtyping import Float


def flats(rows: int = 20, seed: int = 0) -> tuple[Float[np.ndarray, "rows 2"], Float[np.ndarray, " rows"]]:
    """The area in m² and the age in years of so many flats, and what each costs a month."""
    rng = np.random.default_rng(seed)
    x = np.stack([rng.uniform(20, 120, rows), rng.uniform(0, 60, rows)], axis=1).round()
    return x, (200 + 12 * x[:, 0] - 4 * x[:, 1] + rng.normal(0, 30, rows)).round()


def learned_with_bugs(
    x: Float[np.ndarray, "rows 2"], y: Float[np.ndarray, " rows"], axis: int = 1
) -> Float[np.ndarray, " rows"]:
    """The rents that the script learns while its bugs are in it; with `axis=0` without the first."""
    x = (x - x.mean(axis=axis, keepdims=True)) / x.std(axis=axis, keepdims=True)
    batches = [(x[i : i + 8], y[i : i + 8]) for i in range(0, len(x) - 8, 8)]
    w, b = np.zeros(2), 0.0
    for _ in range(50):
        errors = [x @ w + b - y for x, y in batches]
        for (rows, _), error in zip(batches, errors, strict=True):
            w, b = w - 0.1 * rows.T @ error / len(rows), b - 0.1 * error.mean()
    return x @ w + b
