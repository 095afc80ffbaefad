"""The figures of the lesson on experiments: plotly, offline, in the learner's language."""

import json
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, finish

CAUSES_ZH = {
    "learning rate too high": "学习率太大",
    "learning rate too low": "学习率太小",
    "batches sorted by class": "批按类排序",
    "gradients never cleared": "梯度从不清空",
    "all weights start at zero": "权重全从 0 出发",
    "trains too long on too little data": "数据太少，练得太久",
}


class Live:
    """One output of a cell whose figure is replaced by the next: a curve that grows while the run goes on."""

    def __init__(self) -> None:
        self.handle: Any = None

    def show(self, figure: go.Figure) -> None:
        """Puts `figure` in place of the last one; outside a notebook or an Interactive Window nothing is shown."""
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        if get_ipython() is None:
            return
        title = str(figure.layout.title.text)  # type: ignore
        bundle = {"application/vnd.plotly.v1+json": json.loads(str(figure.to_json())), "text/plain": title}
        if self.handle is None:
            self.handle = display(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)


def run(records: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Loss, gradient norm and validation accuracy of one run, as far as its log goes."""
    steps = [record for record in records if "loss" in record]
    epochs = [record for record in records if "val_accuracy" in record]
    titles = [say(zh="损失", en="loss"), say(zh="裁剪前的梯度范数", en="gradient norm before clipping")]
    titles.append(say(zh="验证集准确率", en="validation accuracy"))
    figure = make_subplots(1, 3, subplot_titles=titles, horizontal_spacing=0.1)
    for column, key in ((1, "loss"), (2, "grad_norm")):
        x, y = [record["step"] for record in steps], [record[key] for record in steps]
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": BLUE}, row=1, col=column)
        figure.update_xaxes(title=say(zh="步", en="step"), row=1, col=column)
    figure.add_hline(1, line={"color": GREY, "dash": "dash"}, row=1, col=2)  # type: ignore
    x, y = [record["epoch"] for record in epochs], [record["val_accuracy"] for record in epochs]
    figure.add_scatter(x=x, y=y, mode="lines+markers", line={"color": GREEN}, row=1, col=3)
    figure.update_xaxes(title=say(zh="轮", en="epoch"), row=1, col=3)
    figure.update_yaxes(rangemode="tozero").update_yaxes(range=[0, 1], tickformat=".0%", row=1, col=3)
    figure.update_layout(showlegend=False)
    caption = say(
        zh="曲线随训练增长：图只读日志，与训练的代码无关。虚线是裁剪的上限：开头的梯度几乎都被缩短。",
        en="The curves grow while it trains: the figure reads only the log. The dashed line is the limit of clipping: in the beginning nearly every gradient is shortened.",
    )
    return finish(figure, say(zh="一次微调", en="One fine-tuning"), caption, width=900, height=430)


def six(curves: Mapping[str, Any], causes: Mapping[str, str] | None = None) -> go.Figure:
    """The six sick trainings, each over the healthy one; with `causes` their names."""
    titles = [f"{letter} · {told(causes[letter])}" if causes else letter for letter in curves]
    figure = make_subplots(2, 3, subplot_titles=titles, horizontal_spacing=0.06, vertical_spacing=0.16)
    names = {
        "healthy": (GREY, say(zh="健康的训练损失", en="healthy training loss")),
        "held_out": (ORANGE, say(zh="留出集的损失", en="held-out loss")),
        "train": (BLUE, say(zh="训练损失", en="training loss")),
    }
    for place, curve in enumerate(curves.values()):
        row, column = place // 3 + 1, place % 3 + 1
        for key, (colour, name) in names.items():
            losses = getattr(curve, key)
            figure.add_scatter(
                x=list(range(len(losses))), y=losses, mode="lines", line={"color": colour, "width": 1.5}, name=name,
                legendgroup=key, showlegend=place == 0, row=row, col=column,
            )  # fmt: skip
    figure.update_yaxes(range=[0, 4.2]).update_layout(
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.08, "yanchor": "bottom"}
    )
    figure.update_xaxes(title=say(zh="步", en="step"), row=2)
    caption = say(
        zh="六次真实的训练，每次一处主要的毛病。先看第 0 步的高度（不知道答案时是 2.3），再看动没动、停在哪里、两条线分没分开。",
        en="Six real trainings with one main fault each. Look at the height of step 0 first (2.3 without any idea), then whether it moves, where it ends, and whether the two lines part.",
    )
    finish(figure, say(zh="六条病了的曲线", en="Six sick curves"), caption, width=940, height=640)
    return figure.update_layout(margin={"t": 130})


def told(cause: str) -> str:
    return say(zh=CAUSES_ZH.get(cause, cause), en=cause)


def seeds(scores: Mapping[int, Mapping[int, float]]) -> go.Figure:
    """The accuracies of each setting, a point for each seed, with lines between the same seeds."""
    figure = go.Figure()
    settings = [say(zh=f"{setting} 轮", en=f"{setting} epochs") for setting in scores]
    columns = list(scores.values())
    for seed in columns[0]:
        y = [column[seed] for column in columns]
        figure.add_scatter(
            x=settings, y=y, mode="lines+markers", line={"color": SKY, "width": 1}, showlegend=False,
            marker={"color": BLUE, "size": 9}, hovertext=f"seed {seed}",
        )  # fmt: skip
    means = [statistics.fmean(column.values()) for column in columns]
    figure.add_scatter(
        x=settings, y=means, mode="markers", name=say(zh="均值", en="mean"),
        marker={"color": ORANGE, "size": 26, "symbol": "line-ew", "line": {"width": 4, "color": ORANGE}},
    )  # fmt: skip
    figure.update_yaxes(title=say(zh="验证集准确率", en="validation accuracy"), tickformat=".0%")
    figure.update_xaxes(range=[-0.4, len(settings) - 0.6])
    caption = say(
        zh="每个点是一次运行，线连着同样的种子。同一列里的点散开好几个百分点，比两条橙线（均值）的差还大；可是蓝线多半往上走：同一个种子，12 轮很少更差。",
        en="Each point is one run, and lines join the same seeds. The runs of one column are spread by several points, more than the means (orange) differ; yet most lines go up: with the same seed, 12 epochs are seldom worse.",
    )
    return finish(figure, say(zh="只换种子", en="Only the seed differs"), caption, height=560, bottom=140)


def searches(found: Mapping[str, Sequence[tuple[float, float, float]]]) -> go.Figure:
    """Grid and random search: where they looked, and above it what each learning rate gave."""
    names = {"grid": say(zh="九个格点", en="nine grid points"), "random": say(zh="九个随机点", en="nine random points")}
    figure = make_subplots(
        2, 2, subplot_titles=[names[name] for name in found], row_heights=[0.45, 0.55], shared_xaxes=True,
        vertical_spacing=0.06, horizontal_spacing=0.1,
    )  # fmt: skip
    for column, (points, colour) in enumerate(zip(found.values(), (ORANGE, BLUE), strict=True), start=1):
        lrs, decays, scores = (list(values) for values in zip(*points, strict=True))
        marker = {"color": colour, "size": 11}
        figure.add_scatter(x=lrs, y=scores, mode="markers", marker=marker, row=1, col=column)
        figure.add_scatter(x=lrs, y=decays, mode="markers", marker=marker | {"symbol": "x"}, row=2, col=column)
        figure.update_yaxes(range=[0, 1], tickformat=".0%", row=1, col=column)
        figure.update_yaxes(type="log", exponentformat="power", dtick=1, row=2, col=column)
        figure.update_xaxes(type="log", exponentformat="power", dtick=1, range=[-4.3, 0.3], row=1, col=column)
        figure.update_xaxes(type="log", exponentformat="power", dtick=1, range=[-4.3, 0.3], row=2, col=column)
        figure.update_xaxes(title=say(zh="学习率（对数刻度）", en="learning rate (log scale)"), row=2, col=column)
    figure.update_yaxes(title=say(zh="验证集准确率", en="validation accuracy"), row=1, col=1)
    figure.update_yaxes(title=say(zh="权重衰减", en="weight decay"), row=2, col=1)
    figure.update_layout(showlegend=False)
    caption = say(
        zh="下面是试过的点，上面是它们的成绩。左边同一列的三个点成绩差不多（学习率太大时除外）：权重衰减不要紧，九次训练只试出三个学习率；右边试出九个。",
        en="Below are the points that were tried, above what they gave. On the left the three points of a column give about the same (except where the learning rate is too high): weight decay hardly matters, and nine trainings tell of three learning rates; on the right they tell of nine.",
    )
    return finish(figure, say(zh="网格与随机", en="Grid against random"), caption, width=760, height=640, bottom=120)


def compare(losses: Mapping[str, Mapping[int, float]]) -> go.Figure:
    """The training losses of several runs over each other, each smoothed over eleven steps."""
    figure = go.Figure()
    colours = (BLUE, ORANGE, GREEN, PINK, RED, SKY, GREY, "#000000")
    for (name, by_step), colour in zip(losses.items(), colours, strict=False):
        steps = sorted(by_step)
        mean = [statistics.fmean(by_step[step] for step in steps[max(0, i - 10) : i + 1]) for i in range(len(steps))]
        figure.add_scatter(x=steps, y=mean, mode="lines", line={"color": colour, "width": 2}, name=name)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(
        title=say(zh="训练损失（11 步的均值）", en="training loss (mean of 11 steps)"), rangemode="tozero"
    )
    figure.update_layout(
        legend={"x": 1, "y": 1, "xanchor": "right", "yanchor": "top", "bgcolor": "rgba(255,255,255,0.7)"}
    )
    caption = say(
        zh="`runs` 文件夹里最近的几次运行。被杀掉又接上的那次（killed）与从未中断的（whole）正好重合。",
        en="The latest runs in the folder `runs`. The one that was killed and resumed lies exactly on the one that never stopped (whole).",
    )
    return finish(figure, say(zh="比较几次运行", en="Runs compared"), caption, width=720)
