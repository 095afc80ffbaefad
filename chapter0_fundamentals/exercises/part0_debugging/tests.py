"""One test per exercise on the debugger and on tests; each is called from its cell, and collected by pytest."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from coach import case, close, holds, judged
from part0_debugging import suspects
from part0_debugging.flats import flats

# The training script


@judged
def test_standardise(standardise):
    areas_ages, _ = flats()  # first: what a breakpoint in the function sees is what the text tells
    rng = np.random.default_rng(1)
    tables = [
        areas_ages,
        np.array([[1.0], [3.0]]),
        rng.normal(5, 3, (4, 7)).astype(np.float32),
        rng.normal(0, 1, (9, 2)),
        np.array([[1e-7, 1e7], [3e-7, 1e7 + 0.5], [4e-7, 1e7 + 0.25]]),  # small numbers, and ones far from 0
    ]
    for x in tables:
        columns = [column.astype(float) for column in x.T]
        expected = np.stack(
            [(c - sum(c) / len(c)) / np.sqrt(((c - sum(c) / len(c)) ** 2).mean()) for c in columns], axis=1
        )
        close(standardise(x), expected.astype(x.dtype), rtol=1e-3, atol=1e-4)


@judged(skip={"strided": "a batch may be a view", "float64": "rows are only handed on"})
def test_minibatches(minibatches):
    areas_ages, rents = flats()
    rng = np.random.default_rng(2)
    numbers = rng.normal(0, 1, (7, 3)), rng.normal(0, 1, 7)
    for (x, y), size in (
        ((areas_ages, rents), 8),
        (numbers, 3),
        (numbers, 7),
        (numbers, 1),
        (numbers, 9),
        ((areas_ages[:16], rents[:16]), 8),
        ((x_none := areas_ages[:0], x_none[:, 0]), 4),
    ):
        expected = [[], []]
        for row in range(len(x)):
            if row % size == 0:
                expected[0].append([])
                expected[1].append([])
            expected[0][-1].append(x[row])
            expected[1][-1].append(y[row])
        with case(zh=f"{len(x)} 行，每批 {size} 行", en=f"{len(x)} rows, {size} in a batch"):
            got = minibatches(x, y, size)
            close([len(batch[0]) for batch in got], [len(rows) for rows in expected[0]])
            close([batch[0] for batch in got], [np.array(rows) for rows in expected[0]])
            close([batch[1] for batch in got], [np.array(rows) for rows in expected[1]])


def descended(batches, lr, epochs):
    """Gradient descent one number at a time."""
    columns = batches[0][0].shape[1]
    w, b = [0.0] * columns, 0.0
    for _ in range(epochs):
        for x, y in batches:
            error = [sum(w[j] * row[j] for j in range(columns)) + b - target for row, target in zip(x, y, strict=True)]
            step = [sum(e * row[j] for e, row in zip(error, x, strict=True)) / len(x) for j in range(columns)]
            w, b = [w[j] - lr * step[j] for j in range(columns)], b - lr * sum(error) / len(x)
    return np.array(w), float(b)


@judged(skip={"float64": "float64 is what it is given", "strided": "the batches are a list of pairs"})
def test_train(train):
    x, rents = flats()
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    of_flats = [(x[i : i + 8], rents[i : i + 8]) for i in range(0, 20, 8)]
    rng = np.random.default_rng(3)
    others = [(rng.normal(0, 1, (n, 3)), rng.normal(2, 1, n)) for n in (5, 2, 4, 1)]
    by_hand = [(np.array([[1.0]]), np.array([2.0]))]
    for batches, lr, epochs in (
        (of_flats, 0.1, 1),
        (of_flats, 0.1, 3),
        (by_hand, 0.5, 1),
        (by_hand, 0.5, 4),
        (others, 0.3, 1),
        (others, 0.05, 5),
        (others[:1], 0.2, 2),
        (others, 0.2, 0),
    ):
        with case(zh=f"{len(batches)} 批，{epochs} 轮", en=f"{len(batches)} batches, {epochs} epochs"):
            close(train(batches, lr, epochs), descended(batches, lr, epochs), rtol=1e-6, atol=1e-8)


# Tests of one's own

RUNNING_FAULTS = {
    "last": ("少了最后一个窗口", "the last window is missing"),
    "partial": ("末尾不满的窗口也算了", "windows that aren't full at the end are counted as well"),
    "whole": ("均值取成了整数", "means are rounded down to whole numbers"),
    "two": ("`window` 大于 2 时按 2 算", "a `window` above 2 is taken for 2"),
    "zero": ("`window` 小于 1 时不报错", "a `window` below 1 is no error"),
    "long": ("`window` 太大时不报错", "a `window` that is too large is no error"),
    "sorts": ("先把数排了序", "it sorts the values first"),
    "changes": ("改动了 `values`", "it changes `values`"),
}
LOG_FAULTS = {
    "overwrites": ("每次 `add` 都把文件从头写", "each `add` writes the file from its beginning"),
    "folder": ("没有建缺少的文件夹", "it makes no missing folder"),
    "missing": ("文件不存在时 `read` 报错", "`read` is an error where there is no file"),
    "newest": ("后写的排在前面", "the record written last comes first"),
    "text": ("数读回来成了字符串", "numbers come back as strings"),
    "empties": ("`read` 读完就把文件清空", "`read` empties the file"),
    "shared": ("同一个文件夹里的日志都写进了一个文件", "all logs of a folder share one file"),
    "changes": ("`add` 改动了 `record`", "`add` changes `record`"),
}


def judge_tests(write: Callable[[Path], None], name: str, faults: dict[str, tuple[str, str]]) -> None:
    """Runs the test file that `write` makes on the right implementation and on each wrong one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / f"test_{name}.py"
        write(file)
        written = file.is_file()
        text = file.read_text(encoding="utf-8-sig", errors="replace") if written else ""
    holds(
        written, zh="没有写出文件：要写到传入的那个路径", en="no file was written: write to the path that is passed in"
    )
    found = suspects.outcomes(name, [text])[0]
    zh, en = f"pytest 读不了你的文件：{found.broken}", f"pytest can't read your file: {found.broken}"
    holds(not found.broken, zh=zh, en=en)
    failed, passed = found.failed.get("right", ()), found.passed.get("right", 0)
    zh, en = "pytest 一个测试也没有找到：名字要以 `test_` 开头", "pytest found no test: names begin with `test_`"
    holds(passed or failed, zh=zh, en=en)
    told = failed[0] if failed else ""
    zh, en = (
        f"没有一个测试通过，用的还是正确的实现：{told}",
        f"no test passes, even on the right implementation: {told}",
    )
    holds(passed or not failed, zh=zh, en=en)
    holds(not failed, zh=f"你的测试不认正确的实现：{told}", en=f"your tests reject the right implementation: {told}")
    for number, (key, (zh, en)) in enumerate(faults.items(), 1):
        caught = found.kills(key)
        zh, en = (
            f"你的测试放过了第 {number} 个错的实现：{zh}",
            f"your tests let wrong implementation {number} pass: {en}",
        )
        holds(caught, zh=zh, en=en)


@judged(seconds=60)
def test_write_running_tests(write_running_tests):
    judge_tests(write_running_tests, "running", RUNNING_FAULTS)


@judged(seconds=60)
def test_write_log_tests(write_log_tests):
    judge_tests(write_log_tests, "runlog", LOG_FAULTS)
