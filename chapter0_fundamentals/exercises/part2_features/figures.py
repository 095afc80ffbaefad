"""The figures of day 2's third lesson: channels, filters, dreams, an ablation, and two spirals that unfold."""

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from part2_cnns.figures import images
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, finish, playable

DIVERGING = [[0, BLUE], [0.5, "#FFFFFF"], [1, ORANGE]]  # orange is above 0, blue below
ARROWS = "→↘↓↙←↖↑↗"


def tapped(digit: Float[Tensor, "1 h w"], channels: Float[Tensor, "n h w"]) -> go.Figure:
    """A digit, and what a tap on one layer caught of it: each channel as a picture."""
    scaled = channels / channels.amax(dim=(1, 2), keepdim=True).clamp(min=1e-9)
    titles = [say(zh="输入", en="input"), *(say(zh=f"通道 {i}", en=f"channel {i}") for i in range(len(channels)))]
    figure = images(torch.cat([digit[None], scaled[:, None]]), titles, columns=len(titles))
    figure.update_annotations(font={"size": 10})
    caption = say(
        zh="同一个数字的八个样子：有的通道主要在笔画和它的边缘上有响应，有的连空白的背景也有；没有一个是原图的拷贝。",
        en="Eight views of one digit: some channels respond mostly on the strokes and at their edges, others also to the empty background; none is a copy of the input.",
    )
    title = say(
        zh="从管子里接出来的：第一个 ReLU 之后的八个通道",
        en="Caught by a tap: the eight channels after the first ReLU",
    )
    return finish(figure, title, caption, width=820, height=250, below=20)


def borrowed(frozen: int, learning: int) -> go.Figure:
    """The body that is taken over and stays, and the head that is new."""
    figure = go.Figure()
    boxes = (
        (
            0.9,
            3.4,
            GREY,
            say(zh="主干 body", en="body"),
            say(zh=f"{frozen} 个参数，冻结", en=f"{frozen} parameters, frozen"),
        ),
        (
            5.0,
            6.6,
            ORANGE,
            say(zh="新的头 head", en="new head"),
            say(zh=f"{learning} 个参数，学习", en=f"{learning} parameters, learn"),
        ),
    )
    for left, right, color, name, count in boxes:
        figure.add_shape(
            type="rect",
            x0=left,
            x1=right,
            y0=0.25,
            y1=1,
            line={"color": color, "width": 3},
            fillcolor=color,
            opacity=0.25,
        )
        figure.add_annotation(
            x=(left + right) / 2, y=0.62, text=f"<b>{name}</b><br>{count}", showarrow=False, font={"size": 13}
        )
    words = (
        (0.3, say(zh="图<br>1×8×8", en="picture<br>1×8×8")),
        (4.2, say(zh="64 个<br>特征", en="64<br>features")),
        (7.3, say(zh="5 个<br>logits", en="5<br>logits")),
    )
    for x, text in words:
        figure.add_annotation(x=x, y=0.62, text=text, showarrow=False, font={"size": 13})
    back = {"showarrow": True, "arrowhead": 2, "arrowwidth": 2, "arrowcolor": ORANGE, "axref": "x", "ayref": "y"}
    figure.add_annotation(x=5.0, y=0.08, ax=7.3, ay=0.08, text="", **back)
    figure.add_annotation(
        x=6.1, y=-0.05, text=say(zh="梯度到这里为止", en="gradients end here"), showarrow=False, font={"color": ORANGE}
    )
    figure.update_xaxes(visible=False, range=[-0.1, 7.8])
    figure.update_yaxes(visible=False, range=[-0.15, 1.1])
    caption = say(
        zh="灰色的部分原样拿来，只做前向；橙色的部分是新的，只有它在学。",
        en="The grey part is taken over as it is and only runs forwards; the orange part is new, and it alone learns.",
    )
    return finish(
        figure,
        say(zh="借来的主干，新的头", en="A borrowed body, a new head"),
        caption,
        width=760,
        height=320,
        below=15,
        bottom=60,
    )


def edge_recipe(theta: float, size: int = 21) -> go.Figure:
    """A ramp, a bell, and their product: the edge detector."""
    line = torch.linspace(-(size - 1) / 2, (size - 1) / 2, size)
    ramp = line[None, :] * math.cos(theta) + line[:, None] * math.sin(theta)
    bell = (-(line[:, None] ** 2 + line[None, :] ** 2) / (2 * (size / 4) ** 2)).exp()
    parts = torch.stack([ramp / ramp.abs().max(), bell, ramp * bell / (ramp * bell).abs().max()])
    titles = [
        say(zh="斜坡：x·cos θ + y·sin θ", en="ramp: x·cos θ + y·sin θ"),
        say(zh="钟形：管住范围", en="bell: keeps it local"),
        say(zh="两者之积", en="their product"),
    ]
    figure = images(parts[:, None], titles, columns=3, colors=DIVERGING, limits=(-1, 1))
    caption = say(
        zh="橙色为正，蓝色为负，白色为 0。斜坡决定方向，钟形让远处的像素不算数；积是一半橙、一半蓝：亮减暗。",
        en="Orange is positive, blue negative, white 0. The ramp gives the direction, the bell makes far pixels count for nothing; the product is half orange, half blue: bright minus dark.",
    )
    title = say(zh="边缘检测器是怎么拼出来的（θ = 45°）", en="How an edge detector is put together (θ = 45°)")
    return finish(figure, title, caption, height=370, below=20)


def shadow(vector: tuple[float, float, float]) -> go.Figure:
    """A vector, a plane, and the vector's projection onto it."""
    a, b, c = vector
    figure = go.Figure()
    reach = 1.3 * max(a, b)
    corners = {
        "x": [0, reach, reach, 0],
        "y": [0, 0, reach, reach],
        "z": [0] * 4,
        "i": [0, 0],
        "j": [1, 2],
        "k": [2, 3],
    }
    figure.add_mesh3d(**corners, color=GREY, opacity=0.35, hoverinfo="skip")
    for x, y, z, color, name, dash in (
        ([0, a], [0, b], [0, c], ORANGE, say(zh="滤波器", en="filter"), "solid"),
        ([0, a], [0, b], [0, 0], BLUE, say(zh="投影", en="projection"), "solid"),
        ([a, a], [b, b], [0, c], GREY, say(zh="丢掉的部分", en="what is lost"), "dash"),
    ):
        figure.add_scatter3d(x=x, y=y, z=z, mode="lines", line={"color": color, "width": 8, "dash": dash}, name=name)
    camera = {"eye": {"x": 1.7, "y": -2.0, "z": 0.9}, "center": {"x": 0, "y": 0, "z": -0.15}}
    axes = {
        f"{axis}axis": {"title": title, "showbackground": False}
        for axis, title in zip("xyz", ("e₀", "e₉₀", ""), strict=True)
    }
    figure.update_layout(scene={**axes, "camera": camera, "aspectmode": "data"})
    caption = say(
        zh="灰色的平面是所有方向的边缘检测器。橙色的滤波器竖直落到平面上，蓝色是它的影子：<br>影子比滤波器短得多，所以它不怎么像边缘。用鼠标拖动来转着看。",
        en="The grey plane is all edge detectors. The orange filter drops onto it at a right angle, and its shadow is blue: the shadow is much shorter, so it is little of an edge. Drag with the mouse to turn it.",
    )
    return finish(
        figure,
        say(zh="投影：落在平面上的影子", en="A projection is a shadow on a plane"),
        caption,
        below=10,
        height=520,
    )


def slopes(digit: Float[Tensor, "1 h w"], gradients: Float[Tensor, "n 1 h w"], titles: Sequence[str]) -> go.Figure:
    """A digit, and for some logits the slope with respect to each pixel."""
    scale = gradients.abs().amax(dim=(1, 2, 3), keepdim=True)
    pictures = torch.cat([2 * digit[None] - 1, gradients / scale])
    figure = images(
        pictures, [say(zh="输入", en="input"), *titles], columns=len(titles) + 1, colors=DIVERGING, limits=(-1, 1)
    )
    caption = say(
        zh="右边：橙色的像素再亮一点，这个 logit 就升高；蓝色的再亮一点，它就降低；白色的几乎没有影响。",
        en="On the right: make an orange pixel brighter, and this logit rises; make a blue one brighter, and it falls; white pixels hardly matter.",
    )
    title = say(zh="logit 对每个像素的梯度", en="The gradient of a logit with respect to each pixel")
    return finish(figure, title, caption, height=300, below=20)


def ladder(rows: Mapping[str, Float[Tensor, "10 1 h w"]]) -> go.Figure:
    """One row of ten pictures for each way to make them, the digits from 0 to 9."""
    titles = [str(digit) if i == 0 else "" for i in range(len(rows)) for digit in range(10)]
    figure = images(torch.cat(list(rows.values())), titles)
    middles = [sum(axis.domain) / 2 for axis in figure.select_yaxes()][::10]
    for name, middle in zip(rows, middles, strict=True):
        place = {"x": -0.01, "y": middle, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "middle"}
        figure.add_annotation(text=name, showarrow=False, align="right", **place)
    caption = say(
        zh="第一行是真的数字，下面三行是为同样的 logit 造出来的。从噪声和灰色造出的图，logit 比真的还高；你认得出几张？",
        en="The first row is real, the three below were made for the same logits. Those from noise and grey have higher logits than the real ones; how many do you recognise?",
    )
    title = say(zh="网络最想看到的十个数字", en="The ten digits that the network would love to see")
    return finish(figure, title, caption, width=860, height=520, below=20).update_layout(margin={"l": 110})


def lifted() -> go.Figure:
    """Three points on a line that no threshold parts, and the same points in two dimensions."""
    titles = [say(zh="输入：只有 x", en="input: x alone"), say(zh="隐藏层：(x, x²)", en="hidden layer: (x, x²)")]
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.12)
    colors = [BLUE, ORANGE, BLUE]
    for column, heights in ((1, [0, 0, 0]), (2, [1, 0, 1])):
        figure.add_scatter(
            x=[-1, 0, 1], y=heights, mode="markers", marker={"color": colors, "size": 16}, row=1, col=column
        )
        figure.update_xaxes(title="x", range=[-1.6, 1.6], dtick=1, row=1, col=column)
    figure.add_scatter(
        x=[-1.5, 1.5], y=[0.5, 0.5], mode="lines", line={"color": GREEN, "dash": "dash", "width": 3}, row=1, col=2
    )
    figure.update_yaxes(range=[-0.5, 1.5], showticklabels=False, row=1, col=1)
    figure.update_yaxes(title="x²", range=[-0.5, 1.5], dtick=0.5, row=1, col=2)
    caption = say(
        zh="左：橙色夹在两个蓝色中间，切一刀分不开。右：同样三个点，搬到新的位置，一条直线就够了。直线没有弯，弯的是点所在的空间。",
        en="Left: orange lies between two blues, and no single cut separates them. Right: the same three points, moved, and one straight line will do. The line isn't bent; the space of the points is.",
    )
    return finish(
        figure, say(zh="不弯线，搬点", en="Don't bend the line, move the points"), caption, height=400, width=760
    ).update_layout(showlegend=False)


def detectors(filters: Float[Tensor, "n 1 h w"], angles: Sequence[float]) -> go.Figure:
    """Edge detectors in a row, with an arrow towards the bright side."""
    titles = [ARROWS[round(theta / (math.pi / 4)) % 8] for theta in angles]
    figure = images(filters, titles, columns=8, colors=DIVERGING, limits=None).update_annotations(font={"size": 18})
    caption = say(
        zh="橙色为正，蓝色为负：箭头指向亮的一边。",
        en="Orange is positive, blue negative; the arrow points to the bright side.",
    )
    title = say(zh="八个方向的边缘检测器", en="Edge detectors in eight directions")
    return finish(figure, title, caption, height=240, below=20)


def edges(image: Float[Tensor, "1 1 h w"], answers: Float[Tensor, "1 n h w"]) -> go.Figure:
    """A digit, and what each detector answers to it."""
    scale = float(answers.abs().max())
    pictures = torch.cat([2 * image - 1, answers[0, :, None] / scale])
    titles = [say(zh="原图", en="image"), *ARROWS]
    figure = images(pictures, titles, columns=9, colors=DIVERGING, limits=(-1, 1))
    title = say(zh="每个方向的边缘", en="Edges in every direction")
    caption = say(
        zh="每个检测器在它那个方向的边缘上是橙色（正），在反方向的边缘上是蓝色（负），在平坦处是白色（0）。",
        en="Each detector is orange (positive) on edges of its own direction, blue (negative) on opposite ones, and white (0) where nothing changes.",
    )
    return finish(figure, title, caption, height=240, below=20)


def filters(weights: Float[Tensor, "n 1 h w"], likeness: Float[Tensor, " n"]) -> go.Figure:
    """Learned filters, the most edge-like first."""
    order = likeness.argsort(descending=True)
    titles = [f"{float(likeness[i]):.2f}" for i in order]
    figure = images(weights[order], titles, columns=8, colors=DIVERGING, limits=None)
    title = say(zh="学到的滤波器，最像边缘的在前", en="Learned filters, the most edge-like first")
    caption = say(
        zh="每个滤波器上方是它有多像边缘（0 到 1）：没有人教过它们什么是边缘。每个都按自己的最大值上色。",
        en="Above each: how much of an edge it is (0 to 1). Nobody told them what an edge is. Each is coloured by its own largest value.",
    )
    return finish(figure, title, caption, height=370, below=20)


def ablation(lost: Float[Tensor, "digits channels"]) -> go.Figure:
    """What each digit loses without each channel, in percentage points."""
    points = (100 * lost).round()
    text = [[f"{v:.0f}" if abs(v) >= 1 else "" for v in row] for row in points.tolist()]
    heat = go.Heatmap(
        z=points.tolist(), colorscale="Cividis", text=text, texttemplate="%{text}", zmin=0, xgap=1, ygap=1,
        colorbar={"title": say(zh="失去的<br>百分点", en="points<br>lost")},
    )  # fmt: skip
    figure = go.Figure(heat)
    figure.update_xaxes(title=say(zh="关掉的通道", en="silenced channel"), dtick=1, showgrid=False)
    figure.update_yaxes(title=say(zh="数字", en="digit"), dtick=1, autorange="reversed", showgrid=False)
    caption = say(
        zh="一列是一个通道：关掉它，哪些数字就认不出了？空白处准确率没有变。",
        en="A column is a channel: which digits go unrecognised without it? Where it is blank, the accuracy is the same.",
    )
    title = say(zh="关掉一个通道", en="One channel silenced")
    return finish(figure, title, caption, width=760)


def spirals(x: Float[Tensor, "points 2"], y: Int[Tensor, " points"]) -> go.Figure:
    """Both arms in the plane."""
    figure = go.Figure(_arms(x, y))
    figure.update_xaxes(title="x₀", constrain="domain")
    figure.update_yaxes(title="x₁", scaleanchor="x")
    caption = say(zh="没有一条直线能把橙色与蓝色分开。", en="No straight line separates orange from blue.")
    return finish(figure, say(zh="两条螺旋线", en="Two spirals"), caption).update_layout(showlegend=False)


def _arms(x: Float[Tensor, "points 2"], y: Int[Tensor, " points"]) -> list[go.Scatter]:
    """Each arm as a thread with its points."""
    threads = []
    for arm, color in ((0, BLUE), (1, ORANGE)):
        h0, h1 = x[y == arm].T.tolist()
        style = {"line": {"color": color, "width": 1}, "marker": {"color": color, "size": 4}}
        threads.append(go.Scatter(x=h0, y=h1, mode="lines+markers", **style))
    return threads


def _line(line: Float[Tensor, " 3"], reach: float) -> go.Scatter:
    """Where a·h₀ + b·h₁ + c = 0."""
    normal, c = line[:2], line[2]
    foot = -c * normal / normal.square().sum()
    along = reach * torch.stack([-normal[1], normal[0]]) / normal.norm()
    ends = torch.stack([foot - along, foot + along]).T.tolist()
    return go.Scatter(x=ends[0], y=ends[1], mode="lines", line={"color": GREY, "dash": "dash"})


def _scaled(frame: Float[Tensor, "points 2"], line: Float[Tensor, " 3"]) -> tuple[Tensor, Tensor]:
    """The frame centred and of spread 1, and the same line in the new coordinates."""
    mean, spread = frame.mean(dim=0), frame.std(dim=0).norm()
    return (frame - mean) / spread, torch.cat([line[:2] * spread, (line[2] + line[:2] @ mean)[None]])


def carried(
    grid: Float[Tensor, "rows columns 2"], frame: Float[Tensor, "points 2"], y: Int[Tensor, " points"]
) -> go.Figure:
    """Where the hidden layer has put a grid of the input plane, and both arms on it."""
    figure, middle, spread = go.Figure(), frame.mean(dim=0), frame.std(dim=0).norm()  # as in the animation
    for lines in (grid, grid.transpose(0, 1)):
        for line in lines[::2]:
            h0, h1 = ((line - middle) / spread).T.tolist()
            figure.add_scatter(x=h0, y=h1, mode="lines", line={"color": GREY, "width": 0.6}, hoverinfo="skip")
    figure.add_traces(_arms((frame - middle) / spread, y))
    figure.update_xaxes(
        title=say(zh="第一个隐藏神经元", en="first hidden neuron"),
        range=[-2.5, 2.5],
        constrain="domain",
    )
    figure.update_yaxes(
        title=say(zh="第二个隐藏神经元", en="second hidden neuron"),
        range=[-2.5, 2.5],
        scaleanchor="x",
    )
    caption = say(
        zh="灰线原来是一张整齐的方格网。<br>格子大的地方被拉开，网叠在一起的地方，平面折过去了。",
        en="Grey: what was an even grid of squares. Wide meshes have been stretched;<br>where the net lies on itself, the plane has been folded.",
    )
    figure = finish(
        figure, say(zh="平面被搬成了什么样", en="What became of the plane"), caption, height=680, bottom=130
    )
    return figure.update_layout(showlegend=False)


def unfolding(
    frames: Float[Tensor, "frames points 2"], lines: Float[Tensor, "frames 3"], y: Int[Tensor, " points"]
) -> go.Figure:
    """The hidden layer during training, with a button that plays it and a slider."""
    pictures = [_scaled(frame, line) for frame, line in zip(frames, lines, strict=True)]
    data = [[*_arms(frame, y), _line(line, 9)] for frame, line in pictures]
    figure = playable(data, milliseconds=120, redraw=False)
    figure.update_xaxes(
        title=say(zh="第一个隐藏神经元", en="first hidden neuron"), range=[-2.5, 2.5], constrain="domain"
    )
    figure.update_yaxes(title=say(zh="第二个隐藏神经元", en="second hidden neuron"), range=[-2.5, 2.5], scaleanchor="x")
    caption = say(
        zh="虚线是头画的直线。按“播放”，看两条螺旋线怎样被解开，<br>最后各在一边。",
        en="Dashed: the head's line. Press Play and see both spirals unfold,<br>until each has a side of its own.",
    )
    figure = finish(figure, say(zh="解开两条螺旋线", en="Two spirals unfold"), caption, height=680, bottom=195)
    return figure.update_layout(showlegend=False)
