"""The figures of day 5's lesson on GANs: plotly, offline, in the learner's language."""

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, SKY, finish, with_slider

SHADES = {"colorscale": [[0, "#f3f3f3"], [1, "#9ec9e6"]], "showscale": False, "xgap": 2, "ygap": 2}
INK = {"colorscale": "gray", "showscale": False, "hoverinfo": "skip", "zmin": 0, "zmax": 1}


def stamps(values: Float[Tensor, " width"], kernel: Float[Tensor, " k"], stride: int = 1) -> go.Figure:
    """Each input's stamp in a row of its own, and their sum in the last."""
    k, width = len(kernel), (len(values) - 1) * stride + len(kernel)
    rows: list[list[int | None]] = []
    for i, value in enumerate(values.tolist()):
        row: list[int | None] = [None] * width
        row[i * stride : i * stride + k] = [int(value * weight) for weight in kernel.tolist()]
        rows.append(row)
    rows.append([sum(row[j] or 0 for row in rows) for j in range(width)])
    shown = [[None if v is None else 1.0 for v in row] for row in rows[:-1]] + [[0.0] * width]
    labels = [f"{int(v)} × ({', '.join(str(int(w)) for w in kernel.tolist())})" for v in values.tolist()]
    text = [["" if v is None else str(v) for v in row] for row in rows]
    heat = go.Heatmap(z=shown, text=text, texttemplate="%{text}", hoverinfo="skip", zmin=0, zmax=1, **SHADES)
    figure = go.Figure(heat)
    ticks = {"tickvals": list(range(len(rows))), "ticktext": [*labels, say(zh="和", en="sum")]}
    figure.update_yaxes(autorange="reversed", showgrid=False, zeroline=False, **ticks)
    figure.update_xaxes(title=say(zh="输出的位置", en="place in the output"), dtick=1, showgrid=False, zeroline=False)
    caption = say(
        zh=f"每个输入盖一个印章（蓝），下一个右移 {stride} 格；每一列往下加，就是最后一行。",
        en=f"Each input makes a stamp (blue), the next one {stride} further to the right; added up by column they are the last row.",
    )
    title = say(zh=f"转置卷积，步幅 {stride}", en=f"Transposed convolution, stride {stride}")
    finish(figure, title, caption, height=390)
    return figure.update_layout(margin_l=110)


def checkerboards(covered: Mapping[int, Float[Tensor, "h w"]]) -> go.Figure:
    """How many stamps cover each output, for each size of the kernel."""
    titles = [say(zh=f"核 {k}×{k}，步幅 2", en=f"kernel {k}×{k}, stride 2") for k in covered]
    figure = make_subplots(1, len(covered), subplot_titles=titles, horizontal_spacing=0.08)
    for column, counts in enumerate(covered.values(), start=1):
        heat = go.Heatmap(z=counts.int().tolist(), texttemplate="%{z}", hoverinfo="skip", zmin=0, zmax=4, **SHADES)
        figure.add_trace(heat, 1, column)
        anchor = "x" if column == 1 else f"x{column}"
        figure.update_xaxes(visible=False, constrain="domain", row=1, col=column)
        figure.update_yaxes(visible=False, autorange="reversed", scaleanchor=anchor, row=1, col=column)
    caption = say(
        zh="左：中间是 4、2、1 交替的棋盘；右：除了边上，处处是 4。步幅整除核的大小时，才铺得均匀。",
        en="Left: a checkerboard of 4, 2 and 1 in the middle; right: 4 everywhere but at the edge. Stamps lie evenly if the stride divides the kernel's size.",
    )
    title = say(zh="每个输出盖了几个印章", en="How many stamps cover each output")
    return finish(figure, title, caption, width=720, height=480, below=20)


def networks(img_size: int, hidden_channels: Sequence[int], latent_dim: int) -> go.Figure:
    """The generator above, the discriminator below, with the shapes between their layers."""
    size = img_size // 2 ** len(hidden_channels)
    shapes = [f"{c}×{size * 2**i}×{size * 2**i}" for i, c in enumerate([*reversed(hidden_channels), 1])]
    up, down = say(zh="转置卷积", en="transposed<br>convolution"), say(zh="卷积", en="convolution")
    linear, score = say(zh="线性层", en="linear"), say(zh="分数", en="score")
    noise = say(zh=f"噪声 {latent_dim}", en=f"noise {latent_dim}")
    figure = go.Figure()
    for y, boxes, arrows, colour in (
        (1, [noise, *shapes], [linear, *[up] * len(hidden_channels)], ORANGE),
        (0, [score, *shapes], [linear, *[down] * len(hidden_channels)], BLUE),
    ):
        for x, text in enumerate(boxes):
            figure.add_annotation(x=x, y=y, text=text, showarrow=False, bordercolor=colour, borderpad=6, borderwidth=2)
        for x, text in enumerate(arrows):
            start, end = (x, x + 1) if y else (x + 1, x)
            figure.add_annotation(
                x=end, ax=start, y=y, ay=y, xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
                arrowhead=2, arrowwidth=2, arrowcolor=GREY, standoff=48, startstandoff=48,
            )  # fmt: skip
            figure.add_annotation(x=x + 0.5, y=y + 0.27, text=text, showarrow=False, font={"size": 11})
    last = len(shapes)
    figure.add_scatter(x=[-0.4, last + 0.4], y=[-0.4, 1.5], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    figure.update_xaxes(visible=False, range=[-0.45, last + 0.45]).update_yaxes(visible=False, range=[-0.4, 1.55])
    caption = say(
        zh="上（橙）：生成器从左到右，线性层之后，每一步图的边长加倍，通道变少。<br>下（蓝）：判别器从右到左，正好倒过来；最后是一个分数。",
        en="Above (orange): the generator, from left to right; after the linear layer each step doubles the side and has fewer channels. Below (blue): the discriminator, from right to left, is its reverse and ends in one score.",
    )
    return finish(figure, say(zh="两个网络", en="The two networks"), caption, width=720, height=400, below=15)


def generator_losses() -> go.Figure:
    """Both losses of the generator by the score, and their slopes."""
    titles = [say(zh="损失", en="loss"), say(zh="斜率", en="slope")]
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.12)
    score = torch.linspace(-6, 6, 121, dtype=torch.float64)
    d = 1 / (1 + (-score).exp())
    for name, colour, dash, loss, slope in (
        ("ln(1 − D)", ORANGE, "solid", (1 - d).log(), -d),
        ("−ln D", BLUE, "dash", -d.log(), d - 1),
    ):
        for column, values in ((1, loss), (2, slope)):
            line = {"color": colour, "width": 3, "dash": dash}
            shown = {"name": name, "showlegend": column == 1, "mode": "lines", "line": line}
            figure.add_scatter(x=score.tolist(), y=values.tolist(), **shown, row=1, col=column)
    figure.update_xaxes(title=say(zh="分数（左边：一眼看穿）", en="score (on the left: easily seen as fake)"))
    caption = say(
        zh="右图的最左边：橙线几乎是 0，造假者学不动；蓝线接近 −1，这时最有力。",
        en="At the far left of the right plot: orange is nearly 0, and the forger learns nothing; blue is near −1, with most force when it is needed.",
    )
    title = say(zh="造假者的两种损失", en="Two losses for the forger")
    return finish(figure, title, caption, width=760, height=470)


def mosaic(images: Float[Tensor, "n 1 h w"], columns: int) -> list[list[float]]:
    """The pictures in rows, side by side, in one table of pixels, with a light line between them."""
    n, _, h, w = images.shape
    rows = math.ceil(n / columns)
    board = torch.full((rows * (h + 1) + 1, columns * (w + 1) + 1), 0.5)
    for i, image in enumerate(images):
        top, left = (i // columns) * (h + 1) + 1, (i % columns) * (w + 1) + 1
        board[top : top + h, left : left + w] = image[0].clamp(0, 1)
    return [[round(v, 2) for v in row] for row in board.tolist()]


def bare(figure: go.Figure) -> go.Figure:
    """Pixels square, without axes, the first row on top."""
    figure.update_xaxes(visible=False, constrain="domain")
    return figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")


def gallery(images: Float[Tensor, "n 1 h w"], epoch: int, columns: int = 8) -> go.Figure:
    """What is drawn after so many epochs, in rows."""
    figure = bare(go.Figure(go.Heatmap(z=mosaic(images, columns), **INK)))
    caption = say(
        zh="每一格是生成器用一份噪声画的图。", en="Each cell is drawn by the generator out of one row of noise."
    )
    title = say(zh=f"第 {epoch} 轮之后", en=f"After epoch {epoch}")
    return finish(figure, title, caption, width=520, height=430, bottom=60, below=15)


def growth(snapshots: Mapping[int, Float[Tensor, "n 1 h w"]]) -> go.Figure:
    """The same noise drawn after one epoch and another, under a slider."""
    figure = bare(go.Figure([go.Heatmap(z=mosaic(images, 8), **INK) for images in snapshots.values()]))
    caption = say(
        zh="拖动滑块：同一份噪声总在同一格。先是一团灰，然后是笔画，最后是数字；有些格会从一个数字变成另一个。",
        en="Drag the slider: the same noise is always in the same cell. First grey mist, then strokes, then digits; some cells change from one digit to another.",
    )
    title = say(zh="生成器学画画", en="The generator learns to draw")
    finish(figure, title, caption, width=560, height=560, bottom=190, below=15)
    labels = [str(epoch) for epoch in snapshots]
    return with_slider(figure, 0, labels, say(zh="第几轮：", en="epoch "), start=len(labels) - 1)


def game(losses: Sequence[tuple[float, float]]) -> go.Figure:
    """Both losses by step, averaged over 21 steps, with the values of a draw."""
    figure, window = go.Figure(), min(21, len(losses))
    names = say(zh="鉴定师", en="expert"), say(zh="造假者", en="forger")
    for which, (name, colour, level) in enumerate(
        zip(names, (BLUE, ORANGE), (2 * math.log(2), math.log(2)), strict=True)
    ):
        values = torch.tensor([pair[which] for pair in losses]).unfold(0, window, 1).mean(dim=1)
        steps = list(range(window // 2 + 1, window // 2 + 1 + len(values)))
        figure.add_scatter(x=steps, y=values.tolist(), mode="lines", name=name, line={"color": colour, "width": 2})
        figure.add_hline(y=level, line={"color": colour, "dash": "dot"})
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失", en="loss"), rangemode="tozero")
    caption = say(
        zh="点线是打平时的值：2 ln 2 和 ln 2。两条线都不会一直往下走，图却在变好：损失只是比分。",
        en="The dotted lines are a draw: 2 ln 2 and ln 2. Neither curve goes down for good, and yet the pictures get better: the losses are only the score of the game.",
    )
    return finish(figure, say(zh="一场拉锯", en="To and fro"), caption, width=680)


def counts(classes: Int[Tensor, " n"]) -> go.Figure:
    """How many samples the classifier takes for each digit."""
    figure = go.Figure(go.Bar(x=list(range(10)), y=classes.bincount(minlength=10).tolist(), marker={"color": BLUE}))
    figure.add_hline(y=0.02 * len(classes), line={"color": ORANGE, "dash": "dash"})
    figure.update_xaxes(title=say(zh="分类器认出的数字", en="digit, by the classifier"), dtick=1)
    figure.update_yaxes(title=say(zh="假图的张数", en="number of fakes"))
    caption = say(
        zh="每根柱子都远高于虚线（2%）：十种都画了，没有哪一种独大。",
        en="Each bar is far above the dashed line (2%): all ten are drawn, and none takes over.",
    )
    return finish(figure, say(zh="画全了吗", en="Complete?"), caption)


def pairs(fakes: Float[Tensor, "n 1 h w"], nearest: Float[Tensor, "n 1 h w"]) -> go.Figure:
    """Fakes in the first row, below each its nearest training picture."""
    figure = bare(go.Figure(go.Heatmap(z=mosaic(torch.cat([fakes, nearest]), len(fakes)), **INK)))
    caption = say(
        zh="上：假图。下：离它最近的训练图。像，却不是同一张：没有抄。",
        en="Above: fakes. Below: the nearest training picture of each. They are alike, and not the same: no copies.",
    )
    return finish(figure, say(zh="是不是抄的", en="Copied?"), caption, width=680, height=300, bottom=60, below=15)


def hills(runs: Mapping[str, Sequence[Float[Tensor, "n 2"]]], real: Float[Tensor, "n 2"]) -> go.Figure:
    """Fakes of each run at one moment and the next, over the real points."""
    names = {
        "slow expert": say(zh="鉴定师慢十倍", en="slow expert"),
        "equally fast": say(zh="一样快", en="equally fast"),
        "pairs": say(zh="成对地看", en="pairs"),
    }
    figure = make_subplots(1, len(runs), subplot_titles=[names.get(name, name) for name in runs])
    mark = {"mode": "markers", "hoverinfo": "skip", "showlegend": False}
    for column in range(1, len(runs) + 1):
        grey = {"color": GREY, "size": 4, "opacity": 0.4}
        figure.add_scatter(x=real[:, 0].tolist(), y=real[:, 1].tolist(), **mark, marker=grey, row=1, col=column)
    moments = len(next(iter(runs.values())))
    for moment in range(moments):
        for column, seen in enumerate(runs.values(), start=1):
            x, y = seen[moment].T.round(decimals=2).tolist()
            colour = {"color": (ORANGE, SKY, GREEN)[(column - 1) % 3], "size": 4}
            figure.add_scatter(x=x, y=y, **mark, marker=colour, row=1, col=column)
    figure.update_xaxes(range=[-3, 3], showticklabels=False, constrain="domain")
    for column in range(1, len(runs) + 1):
        anchor = "x" if column == 1 else f"x{column}"
        figure.update_yaxes(range=[-3, 3], showticklabels=False, scaleanchor=anchor, row=1, col=column)
    caption = say(
        zh="灰：真的点；彩色：假的点。拖动滑块：左边整群从一处跳到另一处；右边铺满八个山头。",
        en="Grey: real points; coloured: fakes. Drag the slider: on the left the whole crowd jumps from place to place, on the right it covers all eight hills.",
    )
    title = say(zh="模式崩溃", en="Mode collapse")
    finish(figure, title, caption, width=760, height=510, bottom=190, below=15)
    labels = [str(i + 1) for i in range(moments)]
    return with_slider(figure, len(runs), labels, say(zh="时刻：", en="moment "), start=moments - 1)
