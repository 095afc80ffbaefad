"""The wrong answers on the debugger, tests, figures and an app, each explained in a sentence."""

from textwrap import dedent
from typing import Any

import numpy as np
import plotly.graph_objects as go

from coach import mistake
from part0_debugging import solutions, suspects

# The training script


@mistake(
    "standardise",
    zh="每*行*一个均值：`axis=1` 消掉的是列，要消掉的是行。",
    en="It has one mean for each *row*: `axis=1` makes the columns vanish, and the rows should.",
)
def by_rows(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


@mistake(
    "standardise", zh="均值对了，标准差还是按行算的。", en="The mean is right, the deviation is still taken over rows."
)
def std_by_rows(x):
    return (x - x.mean(axis=0)) / x.std(axis=1, keepdims=True)


@mistake(
    "standardise", zh="标准差对了，均值还是按行算的。", en="The deviation is right, the mean is still taken over rows."
)
def mean_by_rows(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=0)


@mistake(
    "standardise",
    zh="整张表只有一个均值和一个标准差：没有写 `axis`，两个轴都消掉了。",
    en="The whole table has one mean and one deviation: without `axis` both axes vanish.",
)
def of_all(x):
    return (x - x.mean()) / x.std()


@mistake(
    "standardise",
    zh="除以的是样本标准差（n−1）：这里要总体的，除以 n。",
    en="It divides by the standard deviation of a sample (n − 1); here the division is by n, the number of rows.",
)
def of_a_sample(x):
    return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)


@mistake(
    "standardise",
    zh="标准差上加了一个小数：数很小的列，标准差就不是 1 了。",
    en="Something small is added to the deviation: a column of small numbers doesn't get deviation 1.",
)
def never_divided_by_nothing(x):
    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-8)


@mistake(
    "standardise",
    zh="方差写成平方的平均减平均的平方：离 0 很远的列，有效数字都相消了。",
    en="The variance is the mean of squares minus the square of the mean: far from 0 all digits cancel.",
)
def by_cancelling(x):
    mean = x.mean(axis=0)
    return (x - mean) / np.sqrt(np.maximum((x**2).mean(axis=0) - mean**2, 1e-30)).astype(x.dtype)


@mistake("standardise", zh="除以了方差，不是标准差。", en="It divides by the variance, not by the standard deviation.")
def by_variance(x):
    return (x - x.mean(axis=0)) / x.var(axis=0)


@mistake(
    "standardise", zh="只减了均值，没有除以标准差。", en="It takes the mean away and doesn't divide by the deviation."
)
def only_centred(x):
    return x - x.mean(axis=0)


@mistake("standardise", zh="只除了，没有减均值。", en="It divides, and doesn't take the mean away.")
def only_scaled(x):
    return x / x.std(axis=0)


@mistake(
    "standardise",
    zh="压到了 0 和 1 之间：那是另一种缩放。",
    en="It scales to the range 0 to 1, which is another thing.",
)
def to_a_range(x):
    return (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))


@mistake(
    "standardise",
    zh="输入被就地改动了：`-=` 写进了原来的数组。",
    en="It changes its input in place: `-=` writes into the array itself.",
)
def in_place(x):
    x -= x.mean(axis=0)
    x /= x.std(axis=0)
    return x


@mistake("standardise", zh="输入是 `float32` 时结果成了 `float64`。", en="`float32` goes in, and `float64` comes out.")
def in_double(x):
    x = x.astype(np.float64)
    return (x - x.mean(axis=0)) / x.std(axis=0)


def cut(x, y, starts, size):
    return [(x[i : i + size], y[i : i + size]) for i in starts]


@mistake(
    "minibatches",
    zh="最后一批丢了：`range` 取不到第二个数，而它已经减了 `size`。",
    en="The last batch is lost: `range` leaves out its second number, from which `size` was taken already.",
)
def last_lost(x, y, size):
    return cut(x, y, range(0, len(x) - size, size), size)


@mistake(
    "minibatches",
    zh="不满的最后一批丢了：只剩整批。",
    en="A last batch that isn't full is lost: only whole batches are left.",
)
def whole_batches(x, y, size):
    return cut(x, y, range(0, len(x) - size + 1, size), size)


@mistake(
    "minibatches",
    zh="行数是 `size` 的倍数时，末尾多了一个空的批。",
    en="Where `size` divides the number of rows there is an empty batch at the end.",
)
def empty_at_the_end(x, y, size):
    return cut(x, y, range(0, len(x) + 1, size), size)


@mistake(
    "minibatches",
    zh="少了最后一行：`len(x) - 1`。",
    en="The last row's batch is lost where it begins at that row: `len(x) - 1`.",
)
def one_less(x, y, size):
    return cut(x, y, range(0, len(x) - 1, size), size)


@mistake("minibatches", zh="每次只前进一行：批互相重叠。", en="It moves on by one row at a time: the batches overlap.")
def overlapping(x, y, size):
    return cut(x, y, range(len(x)), size)


@mistake(
    "minibatches",
    zh="最后一批从后往前凑满了 `size` 行：有的行用了两次。",
    en="The last batch is filled up to `size` rows from those before: some rows occur twice.",
)
def filled_up(x, y, size):
    return [
        (x[max(0, e - size) : e], y[max(0, e - size) : e])
        for i in range(0, len(x), size)
        for e in [min(i + size, len(x))]
    ]


@mistake("minibatches", zh="`size` 被当成了批的个数。", en="`size` is taken for the number of batches.")
def so_many_batches(x, y, size):
    return list(zip(np.array_split(x, size), np.array_split(y, size), strict=True))


@mistake("minibatches", zh="从第 `size` 行开始：第一批丢了。", en="It begins at row `size`: the first batch is lost.")
def first_lost(x, y, size):
    return cut(x, y, range(size, len(x), size), size)


@mistake("minibatches", zh="`y` 的切片比 `x` 的短一行。", en="The slice of `y` is one row shorter than that of `x`.")
def short_y(x, y, size):
    return [(x[i : i + size], y[i : i + size - 1]) for i in range(0, len(x), size)]


@mistake("minibatches", zh="批里没有 `y`，只有 `x` 两次。", en="There is no `y` in the batches, but `x` twice.")
def twice_x(x, y, size):
    return [(x[i : i + size], x[i : i + size, 0]) for i in range(0, len(x), size)]


def descent(batches, lr, epochs, *, error_of=None, step=1.0, bias=True, sign=1.0, sums=False, late=False):
    """`train` with a choice of faults."""
    w, b = np.zeros(batches[0][0].shape[1]), 0.0
    for _ in range(epochs):
        for x, y in batches:
            error = x @ w + b - y
            n = 1 if sums else len(x)
            w = w - sign * step * lr * x.T @ error / n
            if late:
                error = x @ w + b - y
            if bias:
                b = b - sign * step * lr * float(error.sum() / n)
    return w, b


@mistake(
    "train",
    zh="误差每轮只算一次：走到第二批时，它用的还是这一轮开始时的 `w` 和 `b`。",
    en="The errors are computed once an epoch: at the second batch they still use the `w` and `b` from the epoch's beginning.",
)
def stale_in_an_epoch(batches, lr, epochs):
    w, b = np.zeros(batches[0][0].shape[1]), 0.0
    for _ in range(epochs):
        errors = [x @ w + b - y for x, y in batches]
        for (x, _), error in zip(batches, errors, strict=True):
            w = w - lr * x.T @ error / len(x)
            b = b - lr * float(error.mean())
    return w, b


@mistake(
    "train",
    zh="误差只在最开始算了一次，后来再没有更新。",
    en="The errors are computed once at the very beginning, and never again.",
)
def stale_for_ever(batches, lr, epochs):
    w, b = np.zeros(batches[0][0].shape[1]), 0.0
    errors = [x @ w + b - y for x, y in batches]
    for _ in range(epochs):
        for (x, _), error in zip(batches, errors, strict=True):
            w = w - lr * x.T @ error / len(x)
            b = b - lr * float(error.mean())
    return w, b


@mistake(
    "train",
    zh="`b` 的一步用了更新后的 `w`：两步要用同一个误差。",
    en="The step of `b` uses the new `w`: both steps take the same error.",
)
def bias_after_weights(batches, lr, epochs):
    return descent(batches, lr, epochs, late=True)


@mistake("train", zh="`b` 没有更新。", en="`b` isn't updated.")
def without_bias(batches, lr, epochs):
    return descent(batches, lr, epochs, bias=False)


@mistake(
    "train", zh="方向反了：要减去梯度，不是加上。", en="It walks the wrong way: subtract the gradient, don't add it."
)
def uphill(batches, lr, epochs):
    return descent(batches, lr, epochs, sign=-1.0)


@mistake("train", zh="梯度没有除以批的行数。", en="The gradient isn't divided by the number of rows in the batch.")
def summed(batches, lr, epochs):
    return descent(batches, lr, epochs, sums=True)


@mistake(
    "train",
    zh="每步大了一倍：这里的梯度没有因子 2。",
    en="Each step is twice too large: there is no factor 2 in the gradient here.",
)
def doubled(batches, lr, epochs):
    return descent(batches, lr, epochs, step=2.0)


@mistake("train", zh="每轮都从 0 重新开始。", en="Every epoch starts again from 0.")
def anew_each_epoch(batches, lr, epochs):
    return descent(batches, lr, min(epochs, 1))


@mistake("train", zh="只走了第一批。", en="It goes through the first batch only.")
def first_batch(batches, lr, epochs):
    return descent(batches[:1], lr, epochs)


@mistake(
    "train",
    zh="每轮只走一步，用全部数据：应当每批一步。",
    en="It takes one step an epoch, on all the data; there should be one for each batch.",
)
def one_batch_of_all(batches, lr, epochs):
    whole = [(np.concatenate([x for x, _ in batches]), np.concatenate([y for _, y in batches]))]
    return descent(whole, lr, epochs)


@mistake("train", zh="少走了一轮。", en="It goes through one epoch too few.")
def one_epoch_less(batches, lr, epochs):
    return descent(batches, lr, max(0, epochs - 1))


# Tests of one's own: texts, all run at once when the first is wanted

TEXTS: dict[str, list[str]] = {"running": [], "runlog": []}


def writes(exercise: str, module: str, name: str, text: str, *, zh: str, en: str) -> None:
    """A mistake that writes that text."""
    text = dedent(text)
    TEXTS[module].append(text)

    def written(file):
        suspects.outcomes(module, TEXTS[module], quick=True)
        file.write_text(text, encoding="utf-8")

    written.__name__ = written.__qualname__ = name
    mistake(exercise, zh=zh, en=en)(written)


RUNNING = [
    ("pairs", "    ([1.0, 2.0, 6.0], 2, [1.5, 4.0]),\n"),
    ("threes", "    ([1.0, 2.0, 6.0, 7.0], 3, [3.0, 5.0]),\n"),
    ("unsorted", "    ([3.0, 1.0], 2, [2.0]),\n    ([3.0, 1.0, 2.0], 1, [3.0, 1.0, 2.0]),\n"),
]


def running(*without: str, check: str = "== pytest.approx(means)", more: str = "") -> str:
    """A test file that lacks some of its parts."""
    rows = "".join(row for name, row in RUNNING if name not in without)
    lines = "import pytest\nfrom running import running_mean\n\n"
    lines += (
        f'@pytest.mark.parametrize(("values", "window", "means"), [\n{rows}])\ndef test_means(values, window, means):\n'
    )
    lines += f"    before = list(values)\n    assert running_mean(values, window) {check}\n"
    lines += "" if "unchanged" in without else "    assert values == before\n"
    for name, window in (("zero", 0), ("long", 4)):
        if name not in without:
            lines += f"\ndef test_{name}():\n    with pytest.raises(ValueError):\n        running_mean([1.0, 2.0, 3.0], {window})\n"
    return lines + more


for name, text, zh, en in (
    ("no_zero", running("zero"), "没有试小于 1 的 `window`。", "No `window` below 1 is tried."),
    ("no_long", running("long"), "没有试比列表还长的 `window`。", "No `window` longer than the list is tried."),
    ("no_errors", running("zero", "long"), "应当报错的两种情形都没有试出来：每次调用要有自己的 `pytest.raises`。", "Neither of the two cases that should be errors is caught: each call wants a `pytest.raises` of its own."),
    ("no_threes", running("threes"), "没有试大于 2 的 `window`。", "No `window` above 2 is tried."),
    ("no_unsorted", running("unsorted"), "试的列表都是从小到大排好的。", "All lists that are tried are sorted already."),
    ("not_compared", running("unchanged"), "没有看 `values` 之后是否还是原样。", "It doesn't look whether `values` is still the same afterwards."),
    (
        "sorted_and_unchanged",
        running("unsorted", "unchanged"),
        "列表都是排好的，也没有看 `values` 是否还是原样。",
        "The lists are sorted already, and it doesn't look whether `values` stays the same.",
    ),
    ("nothing_but_errors", running("pairs", "threes", "unsorted"), "只试了报错的情形，一个均值也没有比。", "Only errors are tried; no mean is compared."),
    (
        "only_lengths",
        running(check="is not None\n    assert len(running_mean(list(values), window)) == len(means)"),
        "只看了结果的长度，没有看值。",
        "It looks at the length of the result only, not at its values.",
    ),
    (
        "nothing_collected",
        running().replace("def test_", "def check_"),
        "函数名不以 `test` 开头，pytest 找不到它们。",
        "The functions' names don't begin with `test`, so pytest finds none.",
    ),
    ("never_asserts", running("zero", "long", "unchanged", check="or True"), "`assert` 永远成立：`or True`。", "Its `assert` always holds: `or True`."),
    (
        "exactly_equal",
        running(check="== means", more='\ndef test_floats():\n    assert running_mean([0.1, 0.2, 0.3], 1) == [0.1, 0.2, 0.3]\n'),
        "浮点数用 `==` 比，正确的实现也通不过：用 `pytest.approx`。",
        "Floats are compared with `==`, and the right implementation fails: use `pytest.approx`.",
    ),
    ("no_such_name", running().replace("from running import", "from runing import"), "导入的模块名写错了。", "The module that it imports is misspelt."),
):  # fmt: skip
    writes("write_running_tests", "running", name, text, zh=zh, en=en)

LOG_TESTS = {
    "order": """
def test_order(path):
    add(path, {"step": 1})
    add(path, {"step": 2})
    assert [str(record["step"]) for record in read(path)] == ["1", "2"]
""",
    "numbers": """
def test_numbers(path):
    add(path, {"loss": 0.5})
    assert read(path)[-1] == {"loss": 0.5}
""",
    "missing": """
def test_missing(path):
    assert read(path) == []
""",
    "twice": """
def test_twice(path):
    add(path, {"loss": 0.5})
    assert len(read(path)) == len(read(path))
""",
    "unchanged": """
def test_unchanged(path):
    record = {"step": 1}
    add(path, record)
    assert record == {"step": 1}
""",
    "two": """
def test_two_logs(path):
    path.parent.mkdir(exist_ok=True)
    other = path.with_name("two.jsonl")
    other.touch()
    add(path, {"step": 1})
    assert read(other) == []
""",
}


def log_tests(*without: str, folder: str = '"runs" / ') -> str:
    """A test file that lacks some of its parts."""
    lines = "import pytest\nfrom runlog import add, read\n\n"
    lines += f'@pytest.fixture\ndef path(tmp_path):\n    return tmp_path / {folder}"one.jsonl"\n'
    return lines + "".join(text for name, text in LOG_TESTS.items() if name not in without)


for name, text, zh, en in (
    ("never_two_records", log_tests("order"), "从没写过两个记录再读。", "Two records are never written and read back."),
    ("no_numbers", log_tests("numbers"), "没有看数读回来还是不是数。", "It doesn't look whether numbers come back as numbers."),
    ("no_missing_file", log_tests("missing"), "没有读过不存在的文件。", "No missing file is read."),
    ("never_read_twice", log_tests("twice"), "没有读过两次。", "Nothing is read twice."),
    ("record_not_compared", log_tests("unchanged"), "没有看 `add` 之后 `record` 是否还是原样。", "It doesn't look whether `record` is still the same after `add`."),
    ("only_one_log", log_tests("two"), "没有试同一个文件夹里的两份日志。", "Two logs in one folder are never tried."),
    (
        "folder_is_there",
        log_tests(folder=""),
        "日志总在已有的文件夹里：没有试缺少的文件夹。",
        "The log is always in a folder that is there: a missing one isn't tried.",
    ),
    (
        "one_test_only",
        log_tests(*[name for name in LOG_TESTS if name != "order"]),
        "只试了写两个、按顺序读。",
        "Only writing two records and reading them in order is tried.",
    ),
    (
        "log_nothing_collected",
        log_tests().replace("def test_", "def check_"),
        "函数名不以 `test` 开头，pytest 找不到它们。",
        "The functions' names don't begin with `test`, so pytest finds none.",
    ),
    (
        "fixture_called",
        log_tests() + '\ndef test_called():\n    assert read(path()) == []\n',
        "夹具像函数那样调用了：要写成参数，由 pytest 传进来。",
        "The fixture is called like a function: write it as a parameter, and pytest passes it in.",
    ),
    (
        "fixture_unknown",
        log_tests().replace("@pytest.fixture\n", ""),
        "少了 `@pytest.fixture`：pytest 不认识参数 `path`。",
        "`@pytest.fixture` is missing: pytest doesn't know the parameter `path`.",
    ),
):  # fmt: skip
    writes("write_log_tests", "runlog", name, text, zh=zh, en=en)


# Figures and apps


def curves(
    losses, *, first=1, mode="lines", title="loss", x="epoch", y="loss", log=True, hover="x unified", names=True
):
    figure = go.Figure()
    for name, values in losses.items():
        xs = list(range(first, first + len(values)))
        figure.add_scatter(x=xs, y=list(values), name=name if names else None, mode=mode)
    figure.update_layout(title=title, xaxis_title=x, yaxis_title=y, hovermode=hover)
    return figure.update_yaxes(type="log") if log else figure


for name, options, zh, en in (
    ("from_zero", {"first": 0}, "x 从 0 数起：第一轮是 1。", "x counts from 0: the first epoch is 1."),
    ("no_title", {"title": None}, "图没有标题。", "The figure has no title."),
    ("no_x_title", {"x": None}, "x 轴没有文字。", "The x axis has no text."),
    ("no_y_title", {"y": None}, "y 轴没有文字。", "The y axis has no text."),
    ("linear", {"log": False}, "y 轴还是线性的：`update_yaxes(type=\"log\")`。", "The y axis is still linear: `update_yaxes(type=\"log\")`."),
    ("no_hover", {"hover": None}, "没有设 `hovermode`。", "The `hovermode` isn't set."),
    ("hover_x", {"hover": "x"}, "`hovermode` 是 `\"x\"`：几个框分开显示，要 `\"x unified\"`。", "The `hovermode` is `\"x\"`, which shows a box for each curve: `\"x unified\"` is wanted."),
    ("only_markers", {"mode": "markers"}, "只有点，没有线。", "There are points and no lines."),
    ("without_names", {"names": False}, "曲线没有名字，图例里分不清。", "The curves have no names, and the legend can't tell them apart."),
):  # fmt: skip

    def drawn(losses, options: Any = options):
        return curves(losses, **options)

    drawn.__name__ = drawn.__qualname__ = name
    mistake("loss_figure", zh=zh, en=en)(drawn)


@mistake("loss_figure", zh="只画了第一次运行。", en="Only the first run is drawn.")
def first_run(losses):
    return curves(dict(list(losses.items())[:1]))


@mistake("loss_figure", zh="顺序变了：按名字排过。", en="The order has changed: the runs are sorted by name.")
def sorted_runs(losses):
    return curves(dict(sorted(losses.items())))


@mistake("loss_figure", zh="长的曲线被截得和最短的一样长。", en="Longer curves are cut to the length of the shortest.")
def cut_to_shortest(losses):
    shortest = min(map(len, losses.values()), default=0)
    return curves({name: values[:shortest] for name, values in losses.items()})


@mistake(
    "loss_figure",
    zh="画的是损失的对数，而轴又是对数的：取了两次。",
    en="It draws the logarithms of the losses, on a logarithmic axis: that is taken twice.",
)
def log_twice(losses):
    return curves({name: [float(np.log10(value)) for value in values] for name, values in losses.items()})


def matrix(counts, names, *, title="counts", x="predicted", y="true", text="%{z}", hover="%{x} %{y} %{z}", top=True):
    heat = go.Heatmap(z=counts, x=names, y=names, texttemplate=text, hovertemplate=hover)
    figure = go.Figure(heat).update_layout(title=title, xaxis_title=x, yaxis_title=y)
    return figure.update_yaxes(autorange="reversed") if top else figure


for name, options, zh, en in (
    ("first_at_the_bottom", {"top": False}, "第一类在最下面：要把 y 轴反过来。", "The first class is at the bottom: reverse the y axis."),
    ("matrix_without_title", {"title": None}, "热图没有标题。", "The heat map has no title."),
    ("axes_swapped", {"x": "true", "y": "predicted"}, "两个轴的文字写反了：列是预测的，在 x 轴上。", "The texts of the axes have changed places: columns are predicted, and on the x axis."),
    ("axes_without_text", {"x": None, "y": None}, "两个轴都没有文字。", "Neither axis has a text."),
    ("counts_unseen", {"text": None}, "格子里没有写个数：`texttemplate`。", "The fields don't show their counts: `texttemplate`."),
    ("names_in_fields", {"text": "%{x}"}, "格子里写的是类名，不是个数。", "The fields show the names of classes, not the counts."),
    ("hover_default", {"hover": None}, "没有设 `hovertemplate`。", "The `hovertemplate` isn't set."),
    ("hover_without_true", {"hover": "%{x}: %{z}"}, "悬停时没有说真实的类：`%{y}`。", "The hover doesn't say the true class: `%{y}`."),
    ("hover_without_count", {"hover": "%{y} %{x}"}, "悬停时没有说个数：`%{z}`。", "The hover doesn't say the count: `%{z}`."),
):  # fmt: skip

    def mapped(counts, names, options: Any = options):
        return matrix(counts, names, **options)

    mapped.__name__ = mapped.__qualname__ = name
    mistake("confusion_figure", zh=zh, en=en)(mapped)


@mistake(
    "confusion_figure",
    zh="`counts` 转置了：行是真实的，列是预测的。",
    en="`counts` is transposed: rows are true, columns are predicted.",
)
def transposed(counts, names):
    return matrix(counts.T, names)


@mistake(
    "confusion_figure",
    zh="把 `counts` 的行倒了过来，名字却没有。",
    en="The rows of `counts` are reversed, and the names aren't.",
)
def rows_reversed(counts, names):
    return matrix(counts[::-1], names)


@mistake("confusion_figure", zh="画的是比例，不是个数。", en="It draws shares, not counts.")
def shares(counts, names):
    return matrix(counts / counts.sum(), names)


@mistake(
    "confusion_figure", zh="两个轴上没有类名，只有 0、1、2。", en="The axes show no names of classes, only 0, 1, 2."
)
def without_class_names(counts, names):
    return matrix(counts, None)


def paged(
    st, *, label="learning rate", low=0.0, high=1.2, start=0.1, form="{:.2e}", which=-1, old=False, curve=slice(None)
):
    lr = st.slider(label, low, high, start, 0.05)
    losses = solutions.descend(start if old else lr)
    st.metric("loss", form.format(losses[which]))
    st.line_chart(losses[curve])


for name, options, zh, en in (
    ("slider_unnamed", {"label": "x"}, "滑块的标签没有说它是什么。", "The slider's label doesn't say what it is."),
    ("slider_to_one", {"high": 1.0}, "滑块只到 1.0：1.2 才看得到发散。", "The slider ends at 1.0; to see it diverge it must reach 1.2."),
    ("slider_from_start", {"low": 0.1}, "滑块从 0.1 起：应当从 0.0。", "The slider's left end is 0.1; it should be 0.0."),
    ("slider_starts_at_zero", {"start": 0.0}, "滑块开始在 0.0：应当在 0.1。", "The slider starts at 0.0; it should start at 0.1."),
    ("slider_unused", {"old": True}, "滑块的值没有用上：动了也没有变化。", "The slider's value isn't used: moving it changes nothing."),
    ("first_loss", {"which": 0}, "显示的是第一个损失，不是最后一个。", "It shows the first loss, not the last."),
    ("loss_before_last", {"which": -2}, "显示的是倒数第二个损失。", "It shows the last loss but one."),
    ("fixed_digits", {"form": "{:.2f}"}, "写成了 `.2f`：很小的损失都成了 0.00，要 `.2e`。", "It is written as `.2f`, and every small loss is 0.00: `.2e` is wanted."),
    ("raw_number", {"form": "{}"}, "损失没有按 `.2e` 写。", "The loss isn't written as `.2e`."),
    ("curve_cut", {"curve": slice(None, -1)}, "图上少了最后一个损失。", "The chart lacks the last loss."),
    ("curve_from_one", {"curve": slice(1, None)}, "图上少了第一个损失（还没有走的时候）。", "The chart lacks the first loss, from before any step."),
):  # fmt: skip

    def shown(st, options: Any = options):
        paged(st, **options)

    shown.__name__ = shown.__qualname__ = name
    mistake("app", zh=zh, en=en)(shown)


@mistake("app", zh="没有图。", en="There is no chart.")
def no_chart(st):
    lr = st.slider("learning rate", 0.0, 1.2, 0.1)
    st.metric("loss", f"{solutions.descend(lr)[-1]:.2e}")


@mistake(
    "app",
    zh="损失用 `st.write` 写了出来：要 `st.metric`。",
    en="The loss is written with `st.write`: `st.metric` is wanted.",
)
def no_metric(st):
    losses = solutions.descend(st.slider("learning rate", 0.0, 1.2, 0.1))
    st.write(f"{losses[-1]:.2e}")
    st.line_chart(losses)


@mistake("app", zh="没有滑块：学习率写死了。", en="There is no slider: the learning rate is fixed.")
def no_slider(st):
    losses = solutions.descend(0.1)
    st.metric("loss", f"{losses[-1]:.2e}")
    st.line_chart(losses)
