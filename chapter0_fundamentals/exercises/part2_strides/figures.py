"""The figures of the strides lesson: plotly, offline, in the learner's language."""

import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, finish

COLORS = [BLUE, ORANGE, GREEN, PINK, RED, SKY]
INK = ["white", "black", "white", "black", "white", "black"]  # what can be read on each of them
PALE = "#DDDDDD"


def _in_memory(view: Tensor) -> tuple[Tensor, Tensor]:
    """The whole storage of `view`, and the address of each of its elements, one row per row of the last axis."""
    memory = torch.empty(0, dtype=view.dtype).set_(view.untyped_storage())
    places = torch.arange(len(memory)).as_strided(view.shape, view.stride(), view.storage_offset())
    return memory, places.reshape(-1, view.shape[-1])


def walk(view: Tensor, *, en: str, zh: str, told: bool = True) -> go.Figure:
    """Memory as a line of cells, and beneath it the addresses that each row of `view` visits; its strides, if `told`."""
    memory, rows = _in_memory(view)
    cells = {"symbol": "square", "size": 24, "color": PALE}
    numbers = [f"{value:g}" for value in memory.tolist()]
    figure = go.Figure()
    figure.add_scatter(
        x=list(range(len(memory))), y=[-1] * len(memory), text=numbers, mode="markers+text", marker=cells
    )
    for i, row in enumerate(rows):
        marker = {"size": 18, "color": COLORS[i % len(COLORS)]}
        text = [f"{memory[place]:g}" for place in row]
        font = {"color": INK[i % len(INK)], "size": 11}
        figure.add_scatter(
            x=row.tolist(), y=[i] * len(row), text=text, mode="lines+markers+text", marker=marker, textfont=font
        )
    labels = [say(zh="内存", en="memory"), *(str(i) for i in range(len(rows)))]
    figure.update_yaxes(tickvals=list(range(-1, len(rows))), ticktext=labels, range=[len(rows) - 0.4, -1.6])
    figure.update_yaxes(title=say(zh="视图的行", en="row of the view"), zeroline=False)
    figure.update_xaxes(title=say(zh="地址", en="address"), dtick=max(1, len(memory) // 12), zeroline=False)
    figure.update_xaxes(range=[-0.7, len(memory) - 0.3])
    figure.update_layout(showlegend=False)
    name = say(zh="步长", en="strides")
    title = say(zh=zh, en=en) + (f" · {name} {tuple(view.stride())}" if told else "")
    caption = say(
        zh="每条线是视图的一行：从左数起，它依次读这些地址；灰色是内存。",
        en="Each line is one row of the view, at the addresses it reads; grey: memory.",
    )
    return finish(figure, title, caption, height=250 + 30 * len(rows))


def odometer(readings: dict[str, Tensor]) -> go.Figure:
    """The address of each element of these tensors, in the order in which they are read."""
    figure = go.Figure()
    styles = zip((BLUE, GREEN, RED), ("circle", "square", "diamond"), strict=True)
    for (name, view), (color, symbol) in zip(readings.items(), styles, strict=True):
        _, places = _in_memory(view)
        visited = places.flatten().tolist()
        label = f"{name} {tuple(view.stride())}"
        marker = {"color": color, "symbol": symbol, "size": 10}
        figure.add_scatter(x=list(range(len(visited))), y=visited, name=label, mode="lines+markers", marker=marker)
    figure.update_xaxes(title=say(zh="之前读过几个", en="how many were read before"), dtick=1)
    figure.update_yaxes(title=say(zh="地址", en="address"), dtick=1)
    figure.update_layout(legend={"title": say(zh="张量与步长", en="tensor and strides"), "x": 0.02, "y": 0.98})
    caption = say(
        zh="直线：每步一样远，一个步长就够，两个轴可以并成一个。折线：每转一圈都要退回去，两个轴并不成一个，只能拷贝。",
        en="A straight line: all steps are equal, one stride is enough, and two axes can become one. "
        "A zigzag goes back after each turn: its axes can't become one without a copy.",
    )
    return finish(figure, say(zh="按顺序读，地址怎样走", en="Read in order, where the addresses go"), caption)


def tiled(image: Int[Tensor, "height width"], size: int) -> go.Figure:
    """A picture whose numbers are its addresses, each tile in a colour of its own."""
    height, width = image.shape
    figure = go.Figure()
    for i in range(height):
        for j in range(width):
            tile = i // size * (width // size) + j // size
            marker = {"symbol": "square", "size": 40, "color": COLORS[tile % len(COLORS)]}
            font = {"color": INK[tile % len(INK)], "size": 13}
            figure.add_scatter(
                x=[j], y=[i], text=[str(int(image[i, j]))], mode="markers+text", marker=marker, textfont=font
            )
    figure.update_xaxes(title=say(zh="列", en="column"), dtick=1, range=[-0.7, width - 0.3], zeroline=False)
    figure.update_yaxes(title=say(zh="行", en="row"), dtick=1, range=[height - 0.3, -0.7], zeroline=False)
    figure.update_layout(showlegend=False)
    caption = say(
        zh="一种颜色是一块，数是地址。往右一块、往下一块，左上角的地址各加多少？",
        en="One colour is one tile, the numbers are addresses. One tile to the right, one tile down: "
        "how much is added to the address of the upper left?",
    )
    zh, en = f"{height} 行 {width} 列，{size}×{size} 的小块", f"{height} rows of {width} in tiles of {size}×{size}"
    return finish(figure, say(zh=zh, en=en), caption, width=560, height=410)


def jumps(size: int, *, kernel: int, stride: int, padding: int) -> go.Figure:
    """A padded row of cells, and beneath it the places that each window covers."""
    figure = go.Figure()
    cells = {"symbol": "square", "size": 26, "line": {"width": 1, "color": GREY}}
    places = list(range(-padding, size + padding))
    inside = [0 <= place < size for place in places]
    figure.add_scatter(
        x=places,
        y=[-1] * len(places),
        text=[str(place) if own else "0" for place, own in zip(places, inside, strict=True)],
        mode="markers+text",
        marker=cells | {"color": [PALE if own else "white" for own in inside]},
    )
    starts = range(-padding, size + padding - kernel + 1, stride)
    for i, start in enumerate(starts):
        marker = {"symbol": "square", "size": 18, "color": COLORS[i % len(COLORS)]}
        figure.add_scatter(x=list(range(start, start + kernel)), y=[i] * kernel, mode="lines+markers", marker=marker)
    labels = [say(zh="这一行", en="the row"), *(str(i) for i in range(len(starts)))]
    figure.update_yaxes(tickvals=list(range(-1, len(starts))), ticktext=labels, range=[len(starts) - 0.4, -1.7])
    figure.update_yaxes(title=say(zh="窗口", en="window"), zeroline=False)
    figure.update_xaxes(title=say(zh="位置", en="place"), dtick=1, zeroline=False, showgrid=False)
    figure.update_xaxes(range=[-1.8, size + 0.8])
    figure.update_layout(showlegend=False)
    unread = size + padding - 1 - (starts[-1] + kernel - 1)
    caption = say(
        zh=f"白格是填充的 0，灰格里是位置的编号。右端没有窗口读到的格子：{unread} 个。",
        en=f"White cells are padding; grey cells hold the numbers of places. Cells at the right that no window reads: {unread}.",
    )
    zh = f"长 {size}，核 {kernel}，步幅 {stride}，填充 {padding}"
    en = f"Length {size}, kernel {kernel}, stride {stride}, padding {padding}"
    return finish(figure, say(zh=zh, en=en), caption, height=270 + 30 * len(starts))


def reads(view: Tensor) -> go.Figure:
    """How often each address is read by `view`: the gradient that its sum sends back."""
    memory, rows = _in_memory(view)
    counts = torch.bincount(rows.flatten(), minlength=len(memory)).tolist()
    figure = go.Figure(go.Bar(x=list(range(len(memory))), y=counts, marker_color=COLORS[0]))
    figure.update_xaxes(title=say(zh="地址", en="address"), dtick=1)
    figure.update_yaxes(title=say(zh="被读的次数", en="times it is read"), dtick=1)
    caption = say(
        zh="中间的元素在三个窗口里，往外一格在两个里，两端的只在一个里：梯度正是这些数。",
        en="Inner elements are in three windows, those next to the ends in two, the outermost in one: these are the gradients.",
    )
    return finish(figure, say(zh="每个元素属于几个窗口", en="How many windows hold each element"), caption, height=420)


def lighthouse() -> Float[Tensor, "48 64"]:
    """A picture made by code: a striped tower before a moon; bright is 1."""
    y, x = torch.meshgrid(torch.arange(48.0), torch.arange(64.0), indexing="ij")
    moon = (x - 46) ** 2 + (y - 14) ** 2 < 81
    tower = (x - 18).abs() < 3 + y / 9
    stripes = 0.6 + 0.4 * torch.sign(torch.sin(y / 2.5))
    ground = y > 43
    picture = torch.where(moon, 0.8, 0.15)
    picture = torch.where(tower & (y > 6), stripes, picture)
    return torch.where(ground, 0.4, picture)


def _side_by_side(images: dict[str, Float[Tensor, "height width"]], title: str, caption: str) -> go.Figure:
    """Images under their names, each on a colour scale of its own."""
    figure = make_subplots(rows=1, cols=len(images), subplot_titles=list(images), horizontal_spacing=0.09)
    for i, image in enumerate(images.values(), start=1):
        figure.add_trace(go.Heatmap(z=image.tolist(), colorscale="Cividis", showscale=False), row=1, col=i)
        figure.update_yaxes(scaleanchor=f"x{i if i > 1 else ''}", constrain="domain", row=1, col=i)
    figure.update_xaxes(title=say(zh="列", en="column"), constrain="domain")
    figure.update_yaxes(autorange="reversed")
    figure.update_yaxes(title=say(zh="行", en="row"), col=1)
    return finish(figure, title, caption, width=320 * len(images), height=380).update_layout(margin={"t": 90})


def edges(
    image: Float[Tensor, "height width"], across: Float[Tensor, "height right"], down: Float[Tensor, "below width"]
) -> go.Figure:
    """An image, and how it changes from left to right and from top to bottom."""
    names = [
        say(zh="原图", en="the image"),
        say(zh="从左到右的变化", en="change, left to right"),
        say(zh="从上到下的变化", en="change, top to bottom"),
    ]
    caption = say(
        zh="黄色处变亮，深蓝处变暗，灰色处不变：每个核只看见它那个方向上的边。",
        en="Yellow: it gets brighter; dark blue: darker; grey: no change. Each kernel sees the edges across its direction.",
    )
    images = dict(zip(names, (image, across, down), strict=True))
    return _side_by_side(images, say(zh="两个核看见的边", en="The edges that two kernels see"), caption)


def pooled(image: Float[Tensor, "height width"], small: Float[Tensor, "out_h out_w"]) -> go.Figure:
    """An image before and after max pooling."""
    names = [say(zh="池化之前", en="before"), say(zh="池化之后", en="after")]
    caption = say(
        zh="亮的留下：高变成四分之一，宽变成一半，亮条纹相对变厚。",
        en="A quarter of the height, half of the width;<br>what is bright stays, so bright stripes grow thicker.",
    )
    images = dict(zip(names, (image, small), strict=True))
    title = say(zh="最大池化，窗口 4 乘 2", en="Max pooling by windows of 4 by 2")
    return _side_by_side(images, title, caption)


def columns(image: Float[Tensor, "height width"], kh: int, kw: int) -> go.Figure:
    """The matrix of columns for one channel: every place of the kernel is a row, every window a column."""
    windows = image.unfold(0, kh, 1).unfold(1, kw, 1)  # out_h out_w kh kw
    matrix = windows.flatten(2).flatten(0, 1).T
    heat = go.Heatmap(z=matrix.tolist(), colorscale="Cividis", texttemplate="%{z:.0f}", showscale=False)
    figure = go.Figure(heat)
    starts = [f"{i},{j}" for i in range(windows.shape[0]) for j in range(windows.shape[1])]
    title = say(zh="窗口 (out_h out_w)", en="window (out_h out_w)")
    figure.update_xaxes(title=title, tickvals=list(range(len(starts))), ticktext=starts)
    names = [f"{i},{j}" for i in range(kh) for j in range(kw)]
    figure.update_yaxes(
        title=say(zh="核里的位置 (kh kw)", en="place in the kernel (kh kw)"),
        tickvals=list(range(kh * kw)),
        ticktext=names,
        autorange="reversed",
    )
    caption = say(
        zh="每一列是一个窗口；一个像素出现几次，就是被抄了几遍。",
        en="Each column is one window; a pixel appears as often as it was copied.",
    )
    height, width = image.shape
    zh, en = (
        f"{height} 乘 {width} 的图，{kh} 乘 {kw} 的核",
        f"An image of {height} by {width}, a kernel of {kh} by {kw}",
    )
    return finish(figure, say(zh=zh, en=en), caption, height=420)
