"""One test per exercise on the debugger, tests, figures and an app; each is called from its cell, and collected by pytest."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

from coach import case, close, holds, judged
from coach.judging.compare import OBSERVERS
from part0_debugging import page, suspects
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

# What pytest says of a wrong import, of a fixture that is called, of one that isn't known, and of a float compared with ==.
REFUSALS = ("No module named", "called directly", "fixture '.*' not found", r"\d\.\d{12}")


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
    failed, passed = found.failed.get("right", ()), found.passed.get("right", 0)
    told = failed[0] if failed else ""
    if OBSERVERS:  # why pytest refuses a file: one that is refused for another reason is another mistake
        close([re.search(sign, found.broken + told) is not None for sign in REFUSALS], [])
        close([bool(passed or failed), "def " in text, "def test" in text], [])
    zh, en = f"pytest 读不了你的文件：{found.broken}", f"pytest can't read your file: {found.broken}"
    holds(not found.broken, zh=zh, en=en)
    zh, en = (
        "pytest 一个测试也没有运行：名字要以 `test` 开头，跳过的不算",
        "pytest ran no test: names begin with `test`, and a test that is skipped doesn't count",
    )
    holds(passed or failed, zh=zh, en=en)
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


# Figures and apps


def text_of(title) -> str:
    return ((title.text if title is not None else "") or "").strip()


def described(figure: Any) -> None:
    holds(isinstance(figure, go.Figure), zh="应当返回 `go.Figure`", en="it should return a `go.Figure`")
    layout = figure.layout
    holds(text_of(layout.title), zh="没有标题", en="there is no title")
    holds(text_of(layout.xaxis.title), zh="x 轴没有文字", en="the x axis has no text")
    holds(text_of(layout.yaxis.title), zh="y 轴没有文字", en="the y axis has no text")


def numbers(values) -> list:
    return [] if values is None else [float(value) for value in values]


@judged(skip={"strided": "a dictionary of lists", "float64": "floats"})
def test_loss_figure(loss_figure):
    for losses in (
        {"lr 0.1": [2.3, 0.9, 0.4], "lr 0.01": [2.3, 2.1, 1.9, 1.8, 1.75]},
        {"one": [0.5]},
        {"b": [1.0, 2.0], "a": [3.0, 0.25, 0.125], "c": [9.0, 8.0, 7.0, 6.0]},
        {},
    ):
        figure = loss_figure({name: list(values) for name, values in losses.items()})
        described(figure)
        traces = list(figure.data)
        zh, en = "每次运行应当正好一条 `go.Scatter`", "there should be exactly one `go.Scatter` for each run"
        kinds = all(trace.type in ("scatter", "scattergl") for trace in traces)
        holds(len(traces) == len(losses) and kinds, zh=zh, en=en)
        close([trace.name for trace in traces], list(losses))
        for name, trace in zip(losses, traces, strict=False):
            with case(zh=f"`{name}` 的 x", en=f"x of `{name}`"):
                xs = numbers(trace.x)
                if trace.x is None:  # plotly counts from x0, by dx
                    xs = [float(trace.x0 or 0) + i * float(trace.dx or 1) for i in range(len(numbers(trace.y)))]
                close(xs, [float(i + 1) for i in range(len(losses[name]))])
            with case(zh=f"`{name}` 的 y", en=f"y of `{name}`"):
                close(numbers(trace.y), losses[name])
            shown = trace.mode is None or "lines" in trace.mode
            holds(shown, zh="看不见线：`mode` 里要有 `lines`", en="no line is seen: `mode` should contain `lines`")
        holds(figure.layout.yaxis.type == "log", zh="y 轴不是对数的", en="the y axis isn't logarithmic")
        zh, en = '`hovermode` 不是 `"x unified"`', 'the `hovermode` isn\'t `"x unified"`'
        holds(figure.layout.hovermode == "x unified", zh=zh, en=en)
        if OBSERVERS:
            close(str(figure.layout.hovermode), "")


@judged(skip={"strided": "a figure has no strides", "float64": "counts are whole numbers"})
def test_confusion_figure(confusion_figure):
    rng = np.random.default_rng(4)
    for counts, names in (
        (np.array([[5, 1], [0, 4]]), ["cat", "dog"]),
        (rng.integers(0, 50, (4, 4)), ["ant", "bee", "cow", "doe"]),
        (np.array([[46, 3, 1], [2, 39, 9], [0, 12, 38]]), ["c", "b", "a"]),
    ):
        figure = confusion_figure(counts.copy(), list(names))
        described(figure)
        heats = [trace for trace in figure.data if trace.type == "heatmap"]
        zh, en = "应当正好有一条 `go.Heatmap`", "there should be exactly one `go.Heatmap`"
        holds(len(heats) == 1 == len(figure.data), zh=zh, en=en)
        heat = heats[0] if heats else go.Heatmap(z=[[0]])
        with case(zh="`z`", en="`z`"):
            close(np.array(heat.z, dtype=float), counts.astype(float))
        for axis, labels in (("x", heat.x), ("y", heat.y)):
            with case(zh=f"`{axis}` 的刻度", en=f"ticks of `{axis}`"):
                shown = [] if labels is None else [str(label) for label in labels]
                close(shown or ticks(figure, axis), names)
        zh, en = "第一类不在最左边：x 轴不要反过来", "the first class isn't at the left: don't reverse the x axis"
        holds(not runs_backwards(figure.layout.xaxis), zh=zh, en=en)
        top = runs_backwards(figure.layout.yaxis)
        holds(top, zh="第一类不在最上面：y 轴要反过来", en="the first class isn't at the top: reverse the y axis")
        template = heat.texttemplate or ""
        zh, en = (
            "格子里没有个数：`texttemplate` 里要有 `%{z}`",
            "the fields show no counts: `texttemplate` should contain `%{z}`",
        )
        holds("%{z" in template, zh=zh, en=en)
        if OBSERVERS:
            close(template, "")
        hover = heat.hovertemplate or ""
        for part in ("%{x", "%{y", "%{z"):
            zh, en = f"`hovertemplate` 里没有 `{part}}}`", f"`hovertemplate` has no `{part}}}`"
            holds(part in hover, zh=zh, en=en)
        across, down = text_of(figure.layout.xaxis.title).lower(), text_of(figure.layout.yaxis.title).lower()
        zh, en = "x 轴的文字里没有 `predicted`（或“预测”）", "the text of the x axis doesn't contain `predicted`"
        holds("predicted" in across or "预测" in across, zh=zh, en=en)
        zh, en = "y 轴的文字里没有 `true`（或“真实”）", "the text of the y axis doesn't contain `true`"
        holds("true" in down or "真实" in down, zh=zh, en=en)


def ticks(figure: Any, axis: str) -> list[str]:
    """The words that an axis is told to show at 0, 1, 2, …"""
    told = figure.layout[f"{axis}axis"]
    if told.ticktext is None or list(told.tickvals or ()) != list(range(len(told.ticktext))):
        return []
    return [str(text) for text in told.ticktext]


def runs_backwards(axis: Any) -> bool:
    """Whether an axis runs downwards, or to the left."""
    ends = axis.range
    return axis.autorange in ("reversed", "min reversed", "max reversed") or bool(ends and ends[0] > ends[1])


def losses_of(lr: float) -> list[float]:
    """Gradient descent on w², a step at a time."""
    w, found = 1.0, [1.0]
    for _ in range(20):
        w -= lr * 2 * w
        found.append(w * w)
    return found


@judged
def test_app(app):
    for value in (None, 0.3, 1.1):
        shown = page.Page(value)
        app(shown)
        compare_page(shown.noted, value, charts=True)
    if page.installed() and not OBSERVERS:
        with case(zh="在真正的 Streamlit 里", en="in the real Streamlit"):
            for value in (None, 0.3):
                compare_page(page.real(app, value), value, charts=False)


def compare_page(noted: dict[str, list], value: float | None, charts: bool) -> None:
    now = 0.1 if value is None else value
    with case(zh=f"滑块在 {now}", en=f"with the slider at {now}"):
        zh, en = "应当正好有一个 `st.slider`", "there should be exactly one `st.slider`"
        holds(len(noted["slider"]) == 1, zh=zh, en=en)
        label, low, high, start = (noted["slider"] or [("", 0.0, 0.0, 0.0)])[0]
        named = "learning rate" in str(label).lower() or "学习率" in str(label)
        holds(
            named,
            zh="滑块的标签里没有 `learning rate`（或“学习率”）",
            en="the slider's label doesn't contain `learning rate`",
        )
        with case(zh="滑块的两端", en="the ends of the slider"):
            close([low, high], [0.0, 1.2])
        if value is None:
            with case(zh="滑块的开始位置", en="where the slider starts"):
                close(start, 0.1)
        zh, en = "应当正好有一个 `st.metric`", "there should be exactly one `st.metric`"
        holds(len(noted["metric"]) == 1, zh=zh, en=en)
        with case(zh="`st.metric` 的值", en="the value of `st.metric`"):
            close(str((noted["metric"] or [("", "")])[0][1]), f"{losses_of(now)[-1]:.2e}")
        if charts:
            holds(len(noted["chart"]) == 1, zh="应当正好有一张图", en="there should be exactly one chart")
            curves = (noted["chart"] or [[]])[0]
            zh, en = "图上应当是全部 21 个损失", "the chart should show all 21 losses"
            with case(zh=zh, en=en):
                close([float(y) for y in (curves[0] if curves else [])], losses_of(now), rtol=1e-6)
