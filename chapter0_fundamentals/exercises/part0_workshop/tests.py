"""One test per exercise of the workshop; each is called from its cell, and collected by pytest."""

import itertools
import posixpath
from typing import Any

import numpy as np
import plotly.graph_objects as go

from coach import case, close, holds, judged
from coach.judging.compare import OBSERVERS
from part0_workshop import page

# git


@judged
def test_history(history):
    line = {"A": [], "B": ["A"], "C": ["B"], "D": ["B"], "E": ["D"]}
    merged = line | {"M": ["C", "E"], "N": ["M"], "X": [], "Y": ["X", "N"]}
    for graph, tip, expected in (
        (line, "C", "ABC"),
        (line, "E", "ABDE"),
        (line, "A", "A"),
        (merged, "M", "ABCDEM"),
        (merged, "D", "ABD"),
        (merged, "Y", "ABCDEMNXY"),
        ({"C": ("B", "A"), "B": ("A",), "A": ()}, "C", "ABC"),
    ):
        close(sorted(history(graph, tip)), sorted(expected))
        holds(isinstance(history(graph, tip), set), zh="应当返回集合（set）", en="it should return a set")
    long = {str(i): [str(i - 1)] if i else [] for i in range(5000)}
    with case(zh="一条直线上有 5000 个提交", en="5000 commits in a row"):
        close(len(history(long, "4999")), 5000)
    diamonds = {"0": []}
    for i in range(40):
        diamonds |= {f"{i}l": [str(i)], f"{i}r": [str(i)], str(i + 1): [f"{i}l", f"{i}r"]}
    with case(zh="40 次分开又合并", en="40 times branched and merged"):
        close(len(history(diamonds, "40")), 121)


def three_way(old, mine, other):
    """What becomes of one file: its text, None for no file, or "!" for a conflict."""
    if mine == other:
        return mine
    if mine == old:
        return other
    return mine if other == old else "!"


@judged
def test_merge(merge):
    contents = (None, "1", "2", "3")
    for old, mine, other in itertools.product(contents, repeat=3):
        base, ours, theirs = ({} if text is None else {"f": text} for text in (old, mine, other))
        result = three_way(old, mine, other)
        conflicts = ["f"] if result == "!" else []
        merged = {} if result in (None, "!") else {"f": result}
        with case(zh=f"祖先 {base}，我们 {ours}，他们 {theirs}", en=f"ancestor {base}, ours {ours}, theirs {theirs}"):
            got = merge(base, ours, theirs)
            close([dict(got[0]), sorted(got[1])], [merged, conflicts])
            holds(isinstance(got[1], set), zh="第二个应当是集合", en="the second should be a set")
    base = {"a": "1", "b": "1", "c": "1", "d": "1", "e": ""}
    ours = {"a": "2", "b": "1", "d": "2", "n": "x", "e": ""}
    theirs = {"a": "1", "c": "1", "d": "3", "m": "y", "e": "full"}
    with case(zh="许多文件", en="many files"):
        got = merge(base, ours, theirs)
        close([dict(got[0]), sorted(got[1])], [{"a": "2", "n": "x", "m": "y", "e": "full"}, ["d"]])
    with case(zh="空文件不是没有文件", en="an empty file is not a missing one"):
        got = merge({"a": "1", "b": ""}, {"a": "", "b": ""}, {"a": "1", "c": ""})
        close([dict(got[0]), sorted(got[1])], [{"a": "", "c": ""}, []])


# the shell


@judged
def test_absolute(absolute):
    cwd, home = "/work/day1", "/home/you"
    paths = [
        "a.py",
        "./a.py",
        "../day2/b.py",
        "~/notes",
        "~",
        "/etc",
        "/",
        "",
        ".",
        "..",
        "../..",
        "../../../..",
        "a//b/",
    ]
    paths += ["~/../x", "/a/./b/../c", "~a/b", "a~", "b/~/c", "/../x", "..a/b", "a/../../day1/", "notes/...", "~/"]
    for path in paths:
        begin = home + path[1:] if path == "~" or path[:2] == "~/" else path
        with case(zh=f"`{path}`", en=f"`{path}`"):
            close(absolute(path, cwd, home), posixpath.normpath(posixpath.join(cwd, begin)))
    for path, expected in (("x", "/x"), ("..", "/"), ("", "/"), ("~/x", "/root/x")):
        with case(zh=f"站在 `/`：`{path}`", en=f"standing in `/`: `{path}`"):
            close(absolute(path, "/", "/root"), expected)
    with case(zh="家是 `/`", en="the home is `/`"):
        close(absolute("~/x", cwd, "/"), "/x")


@judged
def test_mode(mode):
    for letters, expected in (
        ("rwxr-x---", 0o750),
        ("rw-r--r--", 0o644),
        ("---------", 0),
        ("rwxrwxrwx", 0o777),
        ("--x-w-r--", 0o124),
        ("r---wx--x", 0o431),
    ):
        close(mode(letters), expected)


@judged
def test_which(which):
    disk = {
        "/usr/bin/python",
        "/usr/bin/git",
        "/usr/bin/python3",
        "/work/.venv/bin/python",
        "/bin/ls",
        "/python",
        "run.sh",
    }
    disk |= {"./run.sh", "tools/run.sh", "/usr/bin/tools/run.sh", "/opt/my tools/bin/git"}
    active = "/work/.venv/bin:/usr/bin:/bin"
    for command, path, expected in (
        ("python", active, "/work/.venv/bin/python"),
        ("python", "/usr/bin:/work/.venv/bin", "/usr/bin/python"),
        ("git", active, "/usr/bin/git"),
        ("ls", active, "/bin/ls"),
        ("pip", active, None),
        ("python", "", None),
        ("pytho", active, None),
        ("ython", active, None),
        ("python", "/nowhere/:/usr/bin/", "/usr/bin/python"),
        ("ls", "::/bin:", "/bin/ls"),
        ("run.sh", ":/usr/bin", None),
        ("./run.sh", active, "./run.sh"),
        ("/bin/ls", "/usr/bin", "/bin/ls"),
        ("tools/run.sh", "/usr/bin", "tools/run.sh"),
        ("./git", active, None),
        ("/usr/bin/ls", active, None),
        ("git", "/opt/my tools/bin:/usr/bin", "/opt/my tools/bin/git"),
    ):
        with case(zh=f"`{command}`，PATH 是 `{path}`", en=f"`{command}`, with the PATH `{path}`"):
            close(which(command, path, disk), expected)
            close(which(command, path, sorted(disk)), expected)


# figures and apps


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
