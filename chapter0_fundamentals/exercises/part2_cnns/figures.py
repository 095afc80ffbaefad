"""The figures of day 2's first lesson: plotly, offline, in the learner's language."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, finish

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


def relu() -> go.Figure:
    """ReLU, and below it its slope."""
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.12, row_heights=[0.6, 0.4])
    figure.add_scatter(x=[-3, 0, 3], y=[0, 0, 3], mode="lines", line={"color": BLUE, "width": 3}, row=1, col=1)
    for x, y in (([-3, 0], [0, 0]), ([0, 3], [1, 1])):
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": ORANGE, "width": 3}, row=2, col=1)
    figure.add_scatter(x=[0], y=[0], mode="markers", marker={"color": ORANGE, "size": 10}, row=2, col=1)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=say(zh="输入 x", en="input x"), row=2, col=1)
    figure.update_yaxes(title=say(zh="输出", en="output"), row=1, col=1)
    figure.update_yaxes(title=say(zh="斜率", en="slope"), range=[-0.2, 1.2], dtick=1, row=2, col=1)
    caption = say(
        zh="左边：输出 0，斜率 0，梯度到此为止。右边：原样通过，斜率 1。<br>恰好在 0 处，约定斜率取 0（橙点）。",
        en="Left: output 0, slope 0, gradients end here. Right: everything passes, slope 1. At exactly 0 the slope is agreed to be 0 (the dot).",
    )
    return finish(figure, say(zh="ReLU 与它的斜率", en="ReLU and its slope"), caption)


def histograms(starts: Mapping[str, Sequence[Tensor]]) -> go.Figure:
    """How large the positive outputs of each layer are, for each standard deviation of the weights."""
    figure = make_subplots(1, len(starts), shared_yaxes=True, horizontal_spacing=0.04, subplot_titles=[
        say(zh=f"权重的标准差 {std}", en=f"weights: std {std}") for std in starts
    ])  # fmt: skip
    for column, (outputs, colour) in enumerate(zip(starts.values(), (ORANGE, BLUE, GREEN), strict=True), start=1):
        for layer, x in enumerate(outputs, start=1):
            size = x[x > 0].log10()
            heights, edges = torch.histogram(size, bins=40)
            middles = (edges[1:] + edges[:-1]) / 2
            y = layer + 0.8 * heights / heights.max()
            figure.add_scatter(
                x=middles.tolist(), y=[layer] * len(y), mode="lines", line={"width": 0}, hoverinfo="skip",
                row=1, col=column,
            )  # fmt: skip
            figure.add_scatter(
                x=middles.tolist(), y=y.tolist(), mode="lines", fill="tonexty", line={"color": colour, "width": 1},
                row=1, col=column,
            )  # fmt: skip
    figure.update_layout(showlegend=False)
    ticks = [-8, -4, 0, 4]
    figure.update_xaxes(range=[-9, 4], tickvals=ticks, ticktext=["10⁻⁸", "10⁻⁴", "1", "10⁴"])
    figure.update_xaxes(title=say(zh="输出的大小", en="size of the outputs"), col=2)
    figure.update_yaxes(title=say(zh="层", en="layer"), tickvals=list(range(1, 11)), col=1)
    caption = say(
        zh="每座小山是一层的正输出（对数刻度），从下往上是第 1 到第 10 层。<br>左边的山向 0 滑去，右边的越来越大，中间的站在原地。",
        en="Each hill shows one layer's positive outputs (log scale), layer 1 at the bottom, layer 10 on top. On the left the hills slide towards 0, on the right they grow, in the middle they stay.",
    )
    return finish(figure, say(zh="信号穿过十层", en="A signal through ten layers"), caption, width=720, bottom=120)


def softmax(logits: Float[Tensor, " classes"], probs: Float[Tensor, " classes"]) -> go.Figure:
    """Three classes: their logits, the powers of e, and the shares."""
    titles = [
        "z",
        say(zh="e 的 z 次方", en="e to the z"),
        say(zh="除以总和", en="divided by the sum"),
    ]
    figure = make_subplots(1, 3, subplot_titles=titles, horizontal_spacing=0.08)
    classes = [say(zh=f"第 {i} 类", en=f"class {i}") for i in range(len(logits))]
    for column, (values, colour) in enumerate(((logits, GREY), (logits.exp(), ORANGE), (probs, BLUE)), start=1):
        shown = [f"{v:.3f}" if column == 3 else f"{v:.2f}" for v in values.tolist()]
        figure.add_bar(
            x=classes, y=values.tolist(), text=shown, textposition="outside", cliponaxis=False, marker_color=colour,
            row=1, col=column,
        )  # fmt: skip
    figure.update_layout(showlegend=False)
    figure.update_yaxes(rangemode="tozero", showticklabels=False)
    caption = say(
        zh="三个得分变成三个正数，再变成加起来为 1 的三份。<br>交叉熵只看正确那一类的那一份，取负对数。",
        en="Three scores become three positive numbers, then three shares that sum to 1. Cross-entropy takes the right class's share only, and its negative logarithm.",
    )
    return finish(figure, say(zh="从 logits 到概率", en="From logits to probabilities"), caption, height=380)


def overfitting(runs: Mapping[float, Mapping[str, Sequence[float]]]) -> go.Figure:
    """Training and held-out loss by step, without dropout and with it."""
    figure = make_subplots(1, len(runs), shared_yaxes=True, horizontal_spacing=0.05, subplot_titles=[
        say(zh="没有随机失活", en="without dropout") if not p else f"Dropout({p})" for p in runs
    ])  # fmt: skip
    names = {
        "training": say(zh="训练损失", en="training loss"),
        "held out": say(zh="留出集上的损失", en="held-out loss"),
    }
    for column, curves in enumerate(runs.values(), start=1):
        for kind, colour in (("training", BLUE), ("held out", ORANGE)):
            line = {"color": colour, "dash": "solid" if kind == "training" else "dash"}
            figure.add_scatter(
                y=list(curves[kind]), mode="lines", line=line, name=names[kind], showlegend=column == 1,
                row=1, col=column,
            )  # fmt: skip
    figure.update_layout(legend={"orientation": "h", "y": 1.18, "x": 1, "xanchor": "right", "yanchor": "bottom"})
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失", en="loss"), rangemode="tozero", col=1)
    caption = say(
        zh="左边：蓝线一路降到接近 0，橙色虚线降到一半掉头向上，从那里起网络在背诵错的标签。<br>右边：背诵慢了，橙线抬得少得多。",
        en="Left: the blue line falls to almost 0; the dashed one turns upward, and from there the network memorises wrong labels. Right: memorising is slower, and the dashed line rises far less.",
    )
    title = say(zh="背诵与学会", en="To memorise and to learn")
    return finish(figure, title, caption, width=720, bottom=110).update_layout(margin={"t": 110})


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
