"""MNIST, for those who want more than scikit-learn's digits; the course itself never needs it."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import TensorDataset

from coach import say

OPENML_ID = 554  # mnist_784, version 1, on openml.org


def mnist(train: bool, data_home: Path | None = None) -> TensorDataset:
    """MNIST as `get_digits` gives its digits, but of 1 28 28: the first six sevenths to train on, the rest to test.

    The first call downloads 15 MB from openml.org and reads them for about a minute; then they lie in scikit-learn's
    data folder, or in `data_home`. Raises ConnectionError where they can't be had.
    """
    from sklearn.datasets import get_data_home

    kept = Path(data_home or get_data_home()) / "mnist_784.npz"
    if not kept.is_file():
        images, labels = _fetched(data_home)
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(kept, images=images.astype(np.uint8), labels=labels.astype(np.int64))
    with np.load(kept) as arrays:
        images = torch.from_numpy(arrays["images"]).reshape(-1, 1, 28, 28).float() / 255
        labels = torch.from_numpy(arrays["labels"])
    split = len(images) * 6 // 7  # 60,000 of 70,000
    chosen = slice(0, split) if train else slice(split, None)
    return TensorDataset(images[chosen], labels[chosen])


def _fetched(data_home: Path | None) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import fetch_openml

    try:
        with warnings.catch_warnings(action="ignore"):  # that it tries again is no news: what comes of it is
            # liac-arff, because the other parser needs pandas
            fetched: Any = fetch_openml(
                data_id=OPENML_ID, data_home=data_home, as_frame=False, parser="liac-arff", return_X_y=True, n_retries=1
            )
            return fetched
    except OSError as error:  # urllib's errors are among them
        zh = f"从 openml.org 下载 MNIST 失败（{error}）：检查一下能不能上网再试，或者继续用不需要网络的 `get_digits(train)`"
        en = f"MNIST could not be fetched from openml.org ({error}): check your internet connection and call again, or stay with `get_digits(train)`, which needs none"
        raise ConnectionError(say(zh=zh, en=en)) from error
