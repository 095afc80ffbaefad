"""MNIST by `fetch_openml`: real loading code, on a small ARFF file where the download would lie, and without a network."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torch
from part2_cnns import data
from sklearn.datasets import _openml, load_digits

ROWS = 14


def pictures() -> tuple[list[list[int]], list[int]]:
    """Fourteen of scikit-learn's digits in 28x28 pixels of 0 to 255."""
    digits: Any = load_digits()
    enlarged = digits.images[:ROWS].repeat(4, axis=1).repeat(4, axis=2)[:, 2:30, 2:30]
    return (enlarged * 15).astype(int).reshape(ROWS, 784).tolist(), digits.target[:ROWS].tolist()


def fixture(home: Path) -> None:
    """What scikit-learn keeps of a download: a description, a list of features and the ARFF file, each zipped."""
    pixels, labels = pictures()
    names = [f"pixel{i + 1}" for i in range(784)]
    lines = ["@RELATION mnist_784", *(f"@ATTRIBUTE {name} real" for name in names)]
    lines += ["@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}", "@DATA"]
    lines += [",".join(map(str, [*row, label])) for row, label in zip(pixels, labels, strict=True)]
    arff = "\n".join(lines).encode("ascii")
    description = {
        "id": "554", "name": "mnist_784", "version": "1", "format": "ARFF", "file_id": "52667", "status": "active",
        "default_target_attribute": "class", "md5_checksum": hashlib.md5(arff).hexdigest(),
        "url": "https://www.openml.org/data/v1/download/52667/mnist_784.arff",
    }  # fmt: skip
    no = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    features = [
        {"index": str(i), "name": n, "data_type": "numeric", "is_target": "false"} | no for i, n in enumerate(names)
    ]
    features.append({"index": "784", "name": "class", "data_type": "nominal", "is_target": "true"} | no)
    parts = {
        description["url"]: arff,
        _openml._DATA_INFO.format(554): json.dumps({"data_set_description": description}).encode(),
        _openml._DATA_FEATURES.format(554): json.dumps({"data_features": {"feature": features}}).encode(),
        _openml._DATA_QUALITIES.format(554): json.dumps({"data_qualities": {"quality": []}}).encode(),
    }
    for url, content in parts.items():
        place = Path(_openml._get_local_path(_openml._openml_path_from_url(url), str(home / "openml")))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(content))


def refuse(*args, **kwargs):
    raise URLError("no network")


def test_mnist_reads_what_fetch_openml_keeps(tmp_path, monkeypatch):
    monkeypatch.setattr(_openml, "urlopen", refuse)
    home = tmp_path / "数据 of mine"
    fixture(home)
    pixels, labels = pictures()
    train, test = data.mnist(True, home), data.mnist(False, home)
    assert (len(train), len(test)) == (12, 2)
    images = torch.cat([train[:][0], test[:][0]])
    assert images.shape == (ROWS, 1, 28, 28) and images.dtype == torch.float32
    assert torch.equal(images.flatten(1), torch.tensor(pixels) / 255)
    assert torch.equal(torch.cat([train[:][1], test[:][1]]), torch.tensor(labels))


def test_mnist_is_read_once(tmp_path, monkeypatch):
    fixture(tmp_path)
    first = data.mnist(True, tmp_path)[:]
    monkeypatch.setattr(data, "_fetched", refuse)
    second = data.mnist(True, tmp_path)[:]
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(("lang", "said"), [("en", "stay with `get_digits(train)`"), ("zh", "不需要网络")])
def test_mnist_without_a_network_says_what_to_do(tmp_path, monkeypatch, lang, said):
    monkeypatch.setenv("COACH_LANG", lang)
    monkeypatch.setattr(_openml, "urlopen", refuse)
    with pytest.raises(ConnectionError, match="openml.org") as caught:
        data.mnist(True, tmp_path)
    assert said in str(caught.value) and "no network" in str(caught.value)
    assert not (tmp_path / "mnist_784.npz").exists()
