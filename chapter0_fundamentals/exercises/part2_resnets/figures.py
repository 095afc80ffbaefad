"""The figures of day 2's second lesson: plotly, offline, in the learner's language."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from jaxtyping import Float
from part2_cnns.figures import digits, images, training
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, finish, with_slider

__all__ = ["block", "deeper", "digits", "images", "spreads", "training", "walk"]


def walk(
    picture: Float[Tensor, "h w"], kernel: Float[Tensor, "k k"], response: Float[Tensor, "h_out w_out"]
) -> go.Figure:
    """The kernel walking over the picture, one place after the other, with the responses so far."""
    titles = [say(zh="图，与核的位置", en="picture, and where the kernel is"), say(zh="响应", en="responses so far")]
    figure = make_subplots(1, 2, subplot_titles=titles, column_widths=[0.6, 0.4], horizontal_spacing=0.1)
    shades = {"colorscale": [[0, "#f3f3f3"], [1, "#9ec9e6"]], "showscale": False, "xgap": 2, "ygap": 2}
    text = {"texttemplate": "%{z}", "hoverinfo": "skip"}
    figure.add_trace(go.Heatmap(z=picture.int().tolist(), **shades, **text), 1, 1)
    k, labels = len(kernel), []
    places = [(i, j) for i in range(response.shape[0]) for j in range(response.shape[1])]
    for step, (i, j) in enumerate(places):
        left, right, top, bottom = j - 0.5, j + k - 0.5, i - 0.5, i + k - 0.5
        frame = {"x": [left, right, right, left, left], "y": [top, top, bottom, bottom, top]}
        figure.add_scatter(**frame, mode="lines", line={"color": ORANGE, "width": 4}, hoverinfo="skip", row=1, col=1)
        factors = {"x": [j + b + 0.3 for b in range(k)] * k, "y": [i + a + 0.3 for a in range(k) for _ in range(k)]}
        weights = [f"·{int(v)}".replace("-", "−") for v in kernel.flatten().tolist()]
        small = {"color": "#B07600", "size": 11}
        figure.add_scatter(**factors, mode="text", text=weights, textfont=small, hoverinfo="skip", row=1, col=1)
        known = [[int(response[p]) if places.index(p) <= step else None for p in row] for row in rows(places)]
        so_far = go.Heatmap(z=known, zmin=int(response.min()), zmax=int(response.max()), **shades, **text)
        figure.add_trace(so_far, 1, 2)
        labels.append(str(step + 1))
    figure.update_layout(showlegend=False)
    for column, (height, width) in enumerate((picture.shape, response.shape), start=1):
        sides = {"visible": False, "constrain": "domain"}
        figure.update_xaxes(**sides, range=[-0.6, width - 0.4], row=1, col=column)
        figure.update_yaxes(
            **sides, range=[height - 0.4, -0.6], scaleanchor="x" if column == 1 else "x2", row=1, col=column
        )
    caption = say(
        zh="橙框盖住九个数，角上的小字是核里与它相乘的数；九个积之和写进右边的一格。<br>框只沿着亮区的左边缘才得到大的响应。",
        en="The frame covers nine numbers, the small ones are the kernel's; the sum of the nine products goes into one place on the right. Only along the left edge of the light part are responses large.",
    )
    title = say(zh="一个 3×3 的核走遍 5×5 的图", en="A 3×3 kernel walks over a 5×5 picture")
    finish(figure, title, caption, height=560, bottom=210, below=20)
    return with_slider(figure, 1, labels, say(zh="第几步：", en="step "), start=0)


def rows(places: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The places, row by row."""
    return [[place for place in places if place[0] == i] for i in sorted({i for i, _ in places})]


def spreads(plain: Sequence[float], normalised: Sequence[float]) -> go.Figure:
    """The spread after each layer, without and with batch norm, on a logarithmic scale."""
    figure, numbers = go.Figure(), list(range(1, len(plain) + 1))
    for values, colour, name in (
        (plain, ORANGE, say(zh="没有批归一化", en="without batch norm")),
        (normalised, BLUE, say(zh="有批归一化", en="with batch norm")),
    ):
        figure.add_scatter(x=numbers, y=list(values), mode="lines+markers", line={"color": colour}, name=name)
    figure.update_xaxes(title=say(zh="层", en="layer"))
    figure.update_yaxes(
        title=say(zh="标准差（对数刻度）", en="standard deviation (log scale)"), type="log", exponentformat="power"
    )
    caption = say(
        zh="橙线几乎是一条直线：每层乘上差不多的因子，到第 20 层，标准差不到十亿分之一。蓝线大致水平。",
        en="The orange line is almost straight: each layer multiplies by about the same factor, and at layer 20 the standard deviation is below a billionth. The blue one stays about level.",
    )
    return finish(figure, say(zh="信号走得了多远", en="How far the signal gets"), caption)


def deeper(curves: Mapping[tuple[int, bool], Sequence[float]]) -> go.Figure:
    """The training loss of each network, averaged over eleven steps."""
    figure = go.Figure()
    for ((layers, shortcut), losses), colour in zip(curves.items(), (GREY, ORANGE, BLUE), strict=True):
        mean = [sum(losses[i : i + 11]) / 11 for i in range(len(losses) - 10)]
        en = f"{layers} layers" + (" with shortcuts" if shortcut else "")
        zh = f"{layers} 层" + ("，有捷径" if shortcut else "")
        steps = list(range(6, len(mean) + 6))
        figure.add_scatter(x=steps, y=mean, mode="lines", line={"color": colour, "width": 3}, name=say(zh=zh, en=en))
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="训练损失", en="training loss"), rangemode="tozero")
    caption = say(
        zh="橙线（40 层）一直在灰线（8 层）上面：更深的网络连训练集都学得更差。<br>同样 40 层，加上捷径（蓝线），除了最初几步，损失最低。",
        en="Orange (40 layers) stays above grey (8 layers): the deeper network is worse even on its training data. The same 40 layers with shortcuts (blue) have the lowest loss after the first few steps.",
    )
    return finish(figure, say(zh="更深，反而更差", en="Deeper, and worse"), caption, width=680)


def block() -> go.Figure:
    """The residual block with its two branches."""
    figure, norm = go.Figure(), say(zh="批归一化", en="batch norm")
    conv = say(zh="3×3 卷积", en="3×3 convolution")
    stride = say(zh="，步幅 first_stride", en=", first_stride")
    left = [conv + stride, norm, "ReLU", conv, norm]
    boxes = [(0, y, label, BLUE) for y, label in zip(range(6, 1, -1), left, strict=True)]
    shortcut = say(
        zh="形状不变：输入本身<br>否则：1×1 卷积，<br>步幅 first_stride，批归一化",
        en="same shape: the input itself<br>else: 1×1 convolution,<br>first_stride, batch norm",
    )
    boxes += [(1, 4, shortcut, GREEN), (0.5, 0.9, "+", ORANGE), (0.5, 0, "ReLU", BLUE), (0.5, 7.2, "x", GREY)]
    arrows = [((0, y), (0, y - 1)) for y in range(6, 2, -1)] + [((0.5, 0.9), (0.5, 0))]
    arrows += [((0.5, 7.2), (0, 6)), ((0.5, 7.2), (1, 4)), ((0, 2), (0.5, 0.9)), ((1, 4), (0.5, 0.9))]
    for (x, y), (to_x, to_y) in arrows:
        figure.add_annotation(
            x=to_x, y=to_y, ax=x, ay=y, xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
            arrowhead=2, arrowwidth=2, arrowcolor=GREY, standoff=16, startstandoff=14,
        )  # fmt: skip
    for x, y, label, colour in boxes:
        figure.add_annotation(
            x=x, y=y, text=label, showarrow=False, bgcolor="white", bordercolor=colour, borderwidth=2, borderpad=5
        )
    figure.add_scatter(x=[-0.5, 1.5], y=[-0.4, 7.6], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    figure.update_xaxes(visible=False, range=[-0.5, 1.5]).update_yaxes(visible=False, range=[-0.4, 7.6])
    caption = say(
        zh="左支 F(x) 学的是差别，右支把 x 送过去；先相加，再过 ReLU。<br>左支最后那个批归一化的 weight 和 bias 都是 0 时，<br>整个块就是“什么都不做”（送进来的 x 不会是负的）。",
        en="The left branch F(x) learns the difference, the right one passes x on; add first, then apply ReLU. When weight and bias of the last batch norm on the left are 0, the block does nothing (the x that comes in isn't negative).",
    )
    return finish(figure, say(zh="残差块", en="The residual block"), caption, below=20)
