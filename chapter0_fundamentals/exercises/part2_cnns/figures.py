"""The figures of day 2's first lesson: plotly, offline, in the learner's language."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish

MARKERS = ["circle", "square", "diamond", "cross", "x"]


def images(
    pictures: Float[Tensor, "batch 1 h w"],
    titles: Sequence[str],
    *,
    columns: int = 10,
    colors: Any = "Greys",
    limits: tuple[float, float] | None = (0, 1),
) -> go.Figure:
    """Small pictures in rows, each with its title; `limits` None lets each have its own, symmetric about 0."""
    rows = -(-len(pictures) // columns)
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.01, vertical_spacing=0.3 / rows)
    for i, picture in enumerate(pictures[:, 0]):
        top = float(picture.abs().max())
        low, high = limits or (-top, top)
        heat = go.Heatmap(z=picture.tolist(), colorscale=colors, zmin=low, zmax=high, showscale=False)
        figure.add_trace(heat, i // columns + 1, i % columns + 1)
    figure.update_xaxes(visible=False, constrain="domain")
    for axis in figure.select_yaxes():
        axis.update(
            visible=False, autorange="reversed", scaleanchor=axis.anchor, constrain="domain"
        )  # row 0 is the top
    return figure.update_annotations(font={"size": 12})


def digits(pictures: Float[Tensor, "batch 1 h w"], titles: Sequence[str]) -> go.Figure:
    """Digits with what is said of each."""
    rows = -(-len(pictures) // 10)
    title = say(zh="8×8 的手写数字", en="Handwritten digits, 8×8 pixels")
    caption = say(
        zh="每张图上方：它的标签，或模型的判断。", en="Above each: its label, or what the model takes it for."
    )
    figure = images(pictures, titles).update_annotations(font={"size": 12 if max(map(len, titles)) < 4 else 10})
    return finish(figure, title, caption, height=160 + 85 * rows, below=20)


def ladder(losses: Float[Tensor, "rungs steps"]) -> go.Figure:
    """The losses of all rungs: markers of growing size around one curve."""
    figure = go.Figure()
    for i, curve in enumerate(losses):
        marker = {"symbol": f"{MARKERS[i]}-open", "size": 5 + 4 * i, "color": BLUE if i % 2 else ORANGE}
        line = {"color": GREY, "width": 1}
        figure.add_scatter(y=curve.tolist(), mode="lines+markers", marker=marker, line=line, name=f"rung_{i + 1}")
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失", en="loss"), rangemode="tozero")
    caption = say(
        zh="五级的记号套在一起：同一条曲线，五种写法。", en="The marks of all rungs nest: one curve, written five ways."
    )
    return finish(figure, say(zh="torch.nn 的梯子", en="The ladder of torch.nn"), caption)


def training(losses: Sequence[float], accuracies: Sequence[float]) -> go.Figure:
    """The loss of each step, and the accuracy on held-out digits after each epoch."""
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    per_epoch = len(losses) / len(accuracies)
    figure.add_scatter(
        x=list(range(1, len(losses) + 1)), y=list(losses), mode="lines", line={"color": BLUE, "width": 1}
    )
    epochs = [per_epoch * (i + 1) for i in range(len(accuracies))]
    percent = [100 * a for a in accuracies]
    marks = {"color": ORANGE, "size": 7}
    figure.add_scatter(
        x=epochs, y=percent, mode="lines+markers", marker=marks, line={"color": ORANGE}, secondary_y=True
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(
        title={"text": say(zh="训练损失", en="training loss"), "font": {"color": BLUE}}, secondary_y=False
    )
    held_out = say(zh="留出集上的准确率（%）", en="accuracy on held-out digits (%)")
    title = {"text": held_out, "font": {"color": "#B07600"}}
    figure.update_yaxes(title=title, range=[0, 102], dtick=20, tickmode="linear", showgrid=False, secondary_y=True)
    caption = say(
        zh=f"蓝线是每一步的损失，橙点是每一轮之后的准确率：最后 {percent[-1]:.1f}%。",
        en=f"Blue: the loss of each step. Orange: the accuracy after each epoch, {percent[-1]:.1f}% at last.",
    )
    return finish(figure, say(zh="训练", en="A training"), caption)
