"""The figures of day 5's first lesson: plotly, offline, in the learner's language."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from plotly.subplots import make_subplots
from torch import Tensor, nn

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, finish, playable, with_slider

INK = {"colorscale": "Greys", "zmin": 0, "zmax": 1, "showscale": False, "hoverinfo": "skip"}
COLOURS = [BLUE, ORANGE, GREEN, PINK, RED, SKY, GREY, "#000000", "#8C6D00", "#5B3A8C"]
CHINESE = {
    "original": "原图",
    "autoencoder": "自编码器",
    "held out": "留出的真数字",
    "noise": "噪声",
    "comes back": "还回来的",
    "standard normal": "编码取自标准正态",
    "normal like the codes": "编码取自与编码同均值、同协方差的正态",
    "pictures mixed": "混合图",
    "rendered": "画出来的",
    "reconstructed": "重建",
    "samples": "样本",
    "interpolated": "插值",
}
SHOWN_EVERY = 4  # epochs between two looks while it trains


def mosaic(pictures: Float[Tensor, "n 1 h w"], columns: int) -> Float[Tensor, "height width"]:
    """The pictures in rows, with a pixel of nothing between them."""
    rows = -(-len(pictures) // columns)
    height, width = pictures.shape[2] + 1, pictures.shape[3] + 1
    sheet = torch.full((rows * height - 1, columns * width - 1), float("nan"))
    for i, picture in enumerate(pictures[:, 0].detach()):
        top, left = i // columns * height, i % columns * width
        sheet[top : top + height - 1, left : left + width - 1] = picture
    return sheet


def sheet(pictures: Float[Tensor, "n 1 h w"], columns: int, **place: Any) -> go.Heatmap:
    """The mosaic as a trace."""
    z = [[None if v != v else round(v, 3) for v in row] for row in mosaic(pictures, columns).tolist()]
    return go.Heatmap(z=z, **INK, **place)


def framed(figure: go.Figure) -> go.Figure:
    """Square pixels, row 0 on top, no axes."""
    figure.update_xaxes(visible=False, constrain="domain")
    for axis in figure.select_yaxes():
        axis.update(visible=False, autorange="reversed", scaleanchor=axis.anchor or "x", constrain="domain")
    return figure


class Watch:
    """Called with the model after each epoch, it keeps the pictures that `make(model)` gives, ten in a row.

    In a notebook or an Interactive Window it shows them meanwhile; `replay` plays them all.
    """

    def __init__(self, make: Callable[[Any], Tensor]) -> None:
        self.make = make
        self.sheets: list[go.Heatmap] = []
        self.display: Any = None

    def __call__(self, model: nn.Module) -> None:
        with torch.no_grad():
            self.sheets.append(sheet(self.make(model), 10))
        if len(self.sheets) % SHOWN_EVERY == 1:
            self.show()

    def show(self) -> None:
        """The newest pictures, in place of the last ones; nothing outside IPython."""
        ipython = sys.modules.get("IPython")
        if not ipython or not ipython.get_ipython():
            return
        caption = say(zh=f"第 {len(self.sheets)} 轮之后。", en=f"After epoch {len(self.sheets)}.")
        figure = self._finished(go.Figure(self.sheets[-1]), caption)
        if self.display:
            self.display.update(figure)
        else:
            self.display = ipython.display.display(figure, display_id=True)

    def replay(self) -> go.Figure:
        """All epochs, with a slider and a Play button."""
        caption = say(
            zh="从第一轮播放到最后一轮：先是同一团灰影，然后各有各的样子，最后才变清楚。",
            en="From the first epoch to the last: one grey smear for all, then each gets a shape of its own, and clear last of all.",
        )
        return self._finished(playable([[one] for one in self.sheets], milliseconds=150), caption, bottom=180)

    def _finished(self, figure: go.Figure, caption: str, bottom: int = 95) -> go.Figure:
        return finish(
            framed(figure),
            say(zh="训练途中", en="While it trains"),
            caption,
            height=250 + bottom,
            bottom=bottom,
            below=20,
        )


def rows(named: Mapping[str, Float[Tensor, "n 1 h w"]]) -> go.Figure:
    """A row of pictures for each name."""
    titles = [say(zh=CHINESE.get(name, name), en=name) for name in named]
    figure = make_subplots(len(named), 1, subplot_titles=titles, vertical_spacing=0.32 / len(named))
    for i, pictures in enumerate(named.values(), start=1):
        figure.add_trace(sheet(pictures, len(pictures)), i, 1)
    framed(figure).update_annotations(font={"size": 12})
    caption = say(
        zh="一行一种，标题说是什么；同一列可以上下比较。",
        en="A row for each kind, named above it; compare the pictures of a column.",
    )
    count = max(len(pictures) for pictures in named.values())
    height = 165 + len(named) * (45 + 515 // count)
    return finish(figure, say(zh="并排看", en="Side by side"), caption, height=height, below=20)


def latent_map(
    codes: Float[Tensor, "n 2"],
    labels: Int[Tensor, " n"],
    pictures: Float[Tensor, "points 1 h w"],
    reach: float,
    sigma: Float[Tensor, "n 2"] | None = None,
) -> go.Figure:
    """Where the codes lie, each as its digit, and what the decoder draws on the square from -reach to reach."""
    titles = [say(zh="编码在哪里", en="where codes lie"), say(zh="解码器画什么", en="what the decoder draws")]
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.06)
    circles = go.layout.Shape(type="circle", opacity=0.25, line={"width": 0}, xref="x", yref="y")
    for digit in range(10):
        own = codes[labels == digit]
        style = {"size": 12, "color": COLOURS[digit]}
        text = {"mode": "text", "text": [str(digit)] * len(own), "textfont": style, "hoverinfo": "skip"}
        figure.add_scatter(x=own[:, 0].tolist(), y=own[:, 1].tolist(), **text, row=1, col=1)
    for i, width in enumerate(sigma if sigma is not None else ()):
        if i % 6:
            continue  # a sixth of them is enough
        (x, y), (a, b) = codes[i].tolist(), width.tolist()
        place = {"x0": x - a, "x1": x + a, "y0": y - b, "y1": y + b, "fillcolor": COLOURS[int(labels[i])]}
        figure.add_shape(circles.update(place))
    side = round(len(pictures) ** 0.5)
    figure.add_trace(sheet(pictures, side), 1, 2)
    edge = max(reach, float(codes.abs().max())) * 1.05
    figure.update_xaxes(range=[-edge, edge], constrain="domain", row=1, col=1)
    figure.update_yaxes(range=[-edge, edge], scaleanchor="x", constrain="domain", row=1, col=1)
    figure.update_xaxes(visible=False, constrain="domain", row=1, col=2)
    figure.update_yaxes(
        visible=False, autorange="reversed", scaleanchor="x2", constrain="domain", row=1, col=2
    )  # row 0 is the top
    figure.update_layout(showlegend=False)
    caption = say(
        zh=f"右图铺满左图里从 −{reach:g} 到 {reach:g} 的方块，方向相同。<br>在左边找空白，再看右边同一处画的是什么；在右边找两个数字之间不像数字的地方。",
        en=f"The map covers the square from −{reach:g} to {reach:g} of the left figure, the same way up. Find empty land on the left, and see what is drawn there on the right; on the right, find what is no digit, between two that are.",
    )
    return finish(
        figure,
        say(zh="潜空间的地图", en="A map of the latent space"),
        caption,
        width=820,
        height=540,
        bottom=110,
        below=35,
    )


def prices() -> go.Figure:
    """The KL of a normal to the standard normal by its standard deviation, for three means."""
    figure, sigma = go.Figure(), torch.linspace(0.05, 2.5, 99)
    for mean, colour, dash in ((0, BLUE, "solid"), (1, ORANGE, "dash"), (2, GREEN, "dot")):
        price = (mean**2 + sigma**2 - 1) / 2 - sigma.log()
        line = {"color": colour, "dash": dash, "width": 3}
        figure.add_scatter(x=sigma.tolist(), y=price.tolist(), mode="lines", line=line, name=f"μ = {mean}")
    figure.update_xaxes(title=say(zh="标准差 σ", en="standard deviation σ"))
    figure.update_yaxes(title=say(zh="价钱（奈特）", en="price (nats)"), rangemode="tozero")
    caption = say(
        zh="三条线的最低点都在 σ = 1；只有 μ = 0 时低到 0。向左，σ 缩到 0，价钱没有上限：缩成一个点是买不起的。",
        en="All three are lowest at σ = 1, and only that of μ = 0 goes down to 0. To the left, as σ shrinks to 0, the price has no limit: nobody can afford a point.",
    )
    return finish(figure, say(zh="一团云的价钱", en="The price of a cloud"), caption)


def two_forces(history: Sequence[tuple[float, float]], kl_weight: float) -> go.Figure:
    """The error and the weighted price of each step."""
    figure = go.Figure()
    names = (
        say(zh="误差", en="error"),
        say(zh="价钱 × kl_weight", en="price × kl_weight"),
        say(zh="两项之和", en="their sum"),
    )
    error, price = torch.tensor(history).T
    for values, colour, dash, name in zip(
        (error, kl_weight * price, error + kl_weight * price), (BLUE, ORANGE, GREY), ("solid", "dash", "dot"), names,
        strict=True,
    ):  # fmt: skip
        line = {"color": colour, "dash": dash}
        figure.add_scatter(y=values.tolist(), mode="lines", line=line, name=name)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="每张图", en="for each picture"), range=[0, 6.5])
    caption = say(
        zh="一阵摇摆之后，橙线（价钱）升起，蓝线（误差）随之下降：付出的价钱，换来更大的误差下降。灰线是两项之和，三条里只有它该一路往下（每一步的抖动不算）。",
        en="After a first wobble orange (the price) rises, and blue (the error) falls with it: what is paid buys more than it costs. Grey is their sum, the only one that should fall throughout (apart from the jitter of each step).",
    )
    return finish(figure, say(zh="两股力", en="Two forces"), caption, width=680)


def prices_tried(
    models: Mapping[float, Any], originals: Float[Tensor, "n 1 h w"], noise: Float[Tensor, "n latent"]
) -> go.Figure:
    """For each weight of the price reconstructions and samples, with a slider."""
    names = [say(zh="原图", en="originals"), say(zh="重建", en="reconstructed"), say(zh="样本", en="samples")]
    figure = make_subplots(1, 3, subplot_titles=names, horizontal_spacing=0.04)
    figure.add_trace(sheet(originals, 5), 1, 1)
    for model in models.values():
        with torch.no_grad():
            drawn, samples = model.decoder(model.encode(originals)[0]), model.decoder(noise)
        figure.add_trace(sheet(drawn, 5), 1, 2)
        figure.add_trace(sheet(samples, 5), 1, 3)
    caption = say(
        zh="kl_weight 小：重建清楚，样本是墨团。kl_weight 大：样本和重建都变成同一张灰影。中间才两样都过得去。",
        en="A small kl_weight: clear reconstructions, and blots for samples. A large one: all become the same grey smear. In between both are fair.",
    )
    title = say(zh="把价钱调高、调低", en="The price turned up and down")
    finish(framed(figure), title, caption, width=760, height=480, bottom=190, below=15)
    return with_slider(figure, 1, [f"{weight:g}" for weight in models], "kl_weight ", start=1)


def used(prices: Mapping[float, Float[Tensor, " latent"]]) -> go.Figure:
    """The price of each latent variable, largest first, for each weight."""
    figure = go.Figure()
    for (weight, price), colour, symbol in zip(
        prices.items(), (SKY, BLUE, ORANGE, RED), ("circle", "square", "diamond", "x"), strict=False
    ):
        values = price.sort(descending=True).values.tolist()
        marks = {"color": colour, "symbol": symbol, "size": 8}
        name = f"kl_weight {weight:g}"
        figure.add_scatter(x=list(range(1, len(values) + 1)), y=values, mode="lines+markers", marker=marks, name=name)
    figure.update_xaxes(title=say(zh="潜变量，从最贵的排起", en="latent variable, the most expensive first"), dtick=1)
    figure.update_yaxes(title=say(zh="价钱（奈特）", en="price (nats)"), rangemode="tozero")
    caption = say(
        zh="贴着 0 的那些几乎什么也没说。kl_weight 越大，每个潜变量说得越少，闭嘴的也越多；0.2 那条线，过了第六个就几乎落到 0。",
        en="Those close to 0 say almost nothing. The larger kl_weight, the less each latent variable says, and the more of them fall silent: at 0.2 the line is almost at 0 after the sixth.",
    )
    return finish(figure, say(zh="哪些潜变量在说话", en="Which latent variables speak"), caption, width=680)


def walk(model: Any, codes: Float[Tensor, "n latent"], dim: int) -> go.Figure:
    """What becomes of the pictures of these codes when one latent variable is moved, by a slider."""
    values, steps = [round(-2.4 + 0.4 * i, 1) for i in range(13)], []
    for value in values:
        moved = codes.clone()
        moved[:, dim] = value
        with torch.no_grad():
            steps.append(sheet(model.decoder(moved), len(codes)))
    figure = framed(go.Figure(steps))
    caption = say(
        zh="八张真图的编码，只动一个潜变量。拖动滑块：它管的是同一件事，还是对每张图各不相同？",
        en="The codes of eight real pictures, of which one number is moved. Drag the slider: does it control one thing, or another for each picture?",
    )
    title = say(zh=f"沿潜变量 {dim} 走", en=f"Along latent variable {dim}")
    finish(figure, title, caption, height=370, bottom=190, below=15)
    return with_slider(figure, 0, [f"{value:g}" for value in values], "z = ", start=6)
