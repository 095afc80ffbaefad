"""Right answers on the debugger, tests, figures and an app, each written in another way; the tests accept them all."""

import itertools
import math
import pathlib
import shutil
import tempfile
from textwrap import dedent

import numpy as np
import plotly.express as px
import plotly.graph_objects as go

from coach import variant
from part0_debugging import solutions

# The training script


@variant("standardise")
def column_by_column(x):
    columns = [(x[:, j] - x[:, j].mean()) / x[:, j].std() for j in range(x.shape[1])]
    return np.stack(columns, axis=1)


@variant("standardise")
def without_keepdims(x):
    return (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean(0))


@variant("minibatches")
def by_a_while_loop(x, y, size):
    batches, start = [], 0
    while start < len(x):
        end = min(start + size, len(x))
        batches.append((x[start:end].copy(), y[start:end].copy()))
        start = end
    return batches


@variant("minibatches")
def by_counting_up(x, y, size):
    count = math.ceil(len(x) / size)
    return [(x[k * size : (k + 1) * size], y[k * size : (k + 1) * size]) for k in range(count)]


@variant("train")
def by_one_matrix(batches, lr, epochs):
    """The bias as a weight of a column of ones."""
    v = np.zeros(batches[0][0].shape[1] + 1)
    for x, y in itertools.chain.from_iterable([batches] * epochs):
        ones = np.hstack([x, np.ones((len(x), 1))])
        v -= lr * ones.T @ (ones @ v - y) / len(x)
    return v[:-1], v[-1]


@variant("train")
def by_loops(batches, lr, epochs):
    w, b = [0.0] * batches[0][0].shape[1], 0.0
    for _ in range(epochs):
        for x, y in batches:
            error = [float(row @ np.array(w) + b - target) for row, target in zip(x, y, strict=True)]
            w = [wj - lr * sum(e * row[j] for e, row in zip(error, x, strict=True)) / len(x) for j, wj in enumerate(w)]
            b -= lr * sum(error) / len(error)
    return np.array(w), b


# Tests of one's own


@variant("write_running_tests")
def plain_functions(file):
    file.write_text(
        dedent("""
        import math

        import running


        def test_two():
            for got, wanted in zip(running.running_mean([6.0, 1.0, 2.0], 2), [3.5, 1.5], strict=True):
                assert math.isclose(got, wanted)


        def test_all():
            assert [round(x, 6) for x in running.running_mean([1.0, 2.0, 4.5], 3)] == [2.5]


        def test_unchanged():
            values = [1.0, 2.0, 3.0]
            running.running_mean(values, 2)
            assert values == [1.0, 2.0, 3.0]


        def raises(window):
            try:
                running.running_mean([1.0, 2.0, 3.0], window)
            except ValueError:
                return True
            return False


        def test_errors():
            assert raises(0) and raises(-3) and raises(4)
        """)
    )


@variant("write_running_tests")
def by_a_class_and_a_slow_loop(file):
    with open(file, "w", encoding="utf-8") as out:
        out.write(
            dedent("""
            import random
            import pytest
            from running import running_mean as mean

            class TestRunningMean:
                @pytest.fixture(params=range(5))
                def values(self, request):
                    random.seed(request.param)
                    return [random.uniform(-5, 5) for _ in range(6)]

                @pytest.mark.parametrize("window", range(1, 7))
                def test_slow_loop(self, values, window):
                    wanted = [sum(values[i:i + window]) / window for i in range(len(values) - window + 1)]
                    kept = values[:]
                    assert mean(values, window) == pytest.approx(wanted, abs=1e-9)
                    assert kept == values

                @pytest.mark.parametrize("values, window", [([], 1), ([1.0], 2), ([1.0], 0)])
                def test_errors(self, values, window):
                    pytest.raises(ValueError, mean, values, window)
            """)
        )


@variant("write_running_tests")
def by_unittest(file):
    file.write_text(
        dedent("""
        import unittest
        from running import running_mean

        class Means(unittest.TestCase):
            def test_means(self):
                values = [4.0, 1.0, 1.0, 7.0, 0.5]
                for got, wanted in zip(running_mean(values, 3), [2.0, 3.0, 8.5 / 3], strict=True):
                    self.assertAlmostEqual(got, wanted)
                self.assertEqual(values, [4.0, 1.0, 1.0, 7.0, 0.5])

            def test_errors(self):
                for window in (0, 6):
                    with self.subTest(window), self.assertRaises(ValueError):
                        running_mean([4.0, 1.0, 1.0, 7.0, 0.5], window)
        """),
        encoding="utf-8-sig",
    )


@variant("write_running_tests")
def copied_from_a_real_file(file):
    with tempfile.TemporaryDirectory() as folder:
        mine = pathlib.Path(folder) / "test_mine.py"
        solutions.write_running_tests(mine)
        shutil.copy(mine, file)


@variant("write_log_tests")
def without_a_fixture_of_its_own(file):
    file.write_text(
        dedent("""
        import json

        from runlog import add, read


        def test_everything(tmp_path):
            one, two = tmp_path / "a" / "b" / "one.jsonl", tmp_path / "a" / "b" / "two.jsonl"
            assert read(one) == [] == read(two)
            record = {"step": 1, "loss": 0.25, "name": "数"}
            add(one, record)
            add(one, {"step": 2})
            add(two, {"step": 3})
            assert record == {"step": 1, "loss": 0.25, "name": "数"}
            assert read(one) == [record, {"step": 2}]
            assert [json.loads(line) for line in one.read_text(encoding="utf-8").splitlines()] == [record, {"step": 2}]
            assert read(two) == [{"step": 3}]
        """),
        encoding="utf-8",
    )


@variant("write_log_tests")
def by_factories(file):
    file.write_text(
        dedent("""
        import copy
        import pytest
        import runlog

        @pytest.fixture(autouse=True)
        def here(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)

        @pytest.fixture
        def log(tmp_path_factory):
            return lambda name: tmp_path_factory.getbasetemp() / "new" / name

        @pytest.mark.parametrize("count", [0, 1, 3])
        def test_counts(log, count):
            path = log(f"{count}.jsonl")
            records = [{"i": i, "x": [i, None]} for i in range(count)]
            given = copy.deepcopy(records)
            for record in given:
                runlog.add(path, record)
            assert given == records
            for _ in range(2):
                assert runlog.read(path) == records
        """),
        encoding="utf-8",
    )


# Figures and apps


@variant("loss_figure")
def by_traces(losses):
    traces = [go.Scatter(x=np.arange(len(v)) + 1, y=np.array(v), name=name) for name, v in losses.items()]
    layout = go.Layout(
        title={"text": "损失"},
        xaxis={"title": {"text": "轮"}},
        yaxis={"title": {"text": "损失"}, "type": "log"},
        hovermode="x unified",
        template="plotly_white",
    )
    return go.Figure(traces, layout)


@variant("loss_figure")
def with_markers_from_one(losses):
    figure = go.Figure()
    for name, values in losses.items():
        figure.add_trace(go.Scatter(x0=1, dx=1, y=values, name=name, mode="lines+markers", line={"dash": "dot"}))
    figure.update_layout(title_text="curves", hovermode="x unified")
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title_text="loss", type="log", exponentformat="power")
    return figure


@variant("confusion_figure")
def by_express(counts, names):
    labels = {"x": "predicted", "y": "true"}
    return px.imshow(counts, x=names, y=names, text_auto=True, labels=labels, title="confusion")


@variant("confusion_figure")
def by_a_range(counts, names):
    hover = "真实：%{y}<br>预测：%{x}<br>个数：%{z:d}"
    figure = go.Figure()
    figure.add_heatmap(z=counts.tolist(), x=names, y=names, texttemplate="%{z:d}", hovertemplate=hover, showscale=False)
    figure.update_layout(title={"text": "混淆矩阵"}, xaxis={"title": {"text": "预测的类"}, "side": "top"})
    figure.update_yaxes(title_text="真实的类", range=[len(names) - 0.5, -0.5])
    return figure


@variant("confusion_figure")
def by_ticks(counts, names):
    heat = go.Heatmap(z=counts, texttemplate="<b>%{z}</b>", hovertemplate="%{y}→%{x}: %{z}", colorscale="Viridis")
    figure = go.Figure(heat, layout_title_text="Confusion")
    places = list(range(len(names)))
    figure.update_xaxes(title_text="Predicted label", tickvals=places, ticktext=names)
    return figure.update_yaxes(title_text="True label", tickvals=places, ticktext=names, autorange="reversed")


@variant("app")
def in_the_sidebar(st):
    st.title("Gradient descent")
    with st.sidebar:
        st.write("Choose how far each step goes.")
        lr = st.slider("Learning rate", min_value=0.0, max_value=1.2, value=0.1, step=0.01, help="above 1 it diverges")
    losses = solutions.descend(lr)
    left, right = st.columns(2)
    left.metric(label="final loss", value=f"{losses[-1]:.2e}", delta=None)
    right.plotly_chart(go.Figure(go.Scatter(x=list(range(21)), y=losses, mode="markers")))


@variant("app")
def in_chinese(st):
    losses = solutions.descend(lr=st.sidebar.slider("学习率 η", 0.0, 1.2, 0.1))
    st.line_chart({"loss": losses})
    st.metric("二十步之后的损失", format(losses[-1], ".2e"))
    if losses[-1] > 1:
        st.warning("diverges")


@variant("app")
def with_a_cache(st):
    @st.cache_data
    def computed(lr):
        return np.array(solutions.descend(lr))

    st.set_page_config(page_title="descent")
    tab, other = st.tabs(["curve", "number"])
    lr = st.slider("learning rate lr", 0.0, 1.2, 0.1, key="lr")
    losses = computed(lr)
    with tab:
        st.plotly_chart({"data": [{"type": "scatter", "y": losses.tolist()}]})
    with other, st.container():
        st.metric("loss", f"{losses[-1]:.2e}")


@variant("app")
def with_what_it_remembers(st):
    st.session_state.setdefault("runs", 0)
    st.session_state.runs += 1

    @st.fragment
    def page():
        box = st.empty()
        lr = st.slider(label="learning rate", min_value=0.0, max_value=1.2, value=0.1)
        losses = solutions.descend(lr, 20)
        box.metric("after 20 steps", f"{losses[20]:.2e}")
        st.plotly_chart([go.Bar(y=losses)])
        if st.button("again") or st.checkbox("twice"):
            st.rerun()

    page()
