"""The figures of day 2's third lesson: filters, dreams, an ablation, and two spirals that unfold."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from part2_cnns.figures import images
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish, playable

DIVERGING = [[0, BLUE], [0.5, "#FFFFFF"], [1, ORANGE]]  # orange is above 0, blue below
ARROWS = "→↘↓↙←↖↑↗"


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
        zh="每个检测器只在它那个方向的边缘上发亮；反方向的边缘上是负的。",
        en="Each detector lights up on edges of its own direction, and is negative on the opposite ones.",
    )
    return finish(figure, title, caption, height=240, below=20)


def filters(weights: Float[Tensor, "n 1 h w"], likeness: Float[Tensor, " n"]) -> go.Figure:
    """Learned filters, the most edge-like first."""
    order = likeness.argsort(descending=True)
    titles = [f"{float(likeness[i]):.2f}" for i in order]
    figure = images(weights[order], titles, columns=8, colors=DIVERGING, limits=None)
    title = say(zh="学到的滤波器，最像边缘的在前", en="Learned filters, the most edge-like first")
    caption = say(
        zh="每个滤波器上方是它有多像边缘（0 到 1）：没有人教过它们什么是边缘。",
        en="Above each: how much of an edge it is (0 to 1). Nobody told them what an edge is.",
    )
    return finish(figure, title, caption, height=370, below=20)


def dreams(pictures: Float[Tensor, "10 1 8 8"], titles: Sequence[str]) -> go.Figure:
    """One image per class, made for its logit."""
    title = say(zh="网络最想看到的十个数字", en="The ten digits that the network would love to see")
    caption = say(
        zh="每张图都从灰色出发，只为让一个 logit 变大；上方是网络的判断。",
        en="Each began grey and grew for one logit; above it what the network takes it for.",
    )
    figure = images(pictures, titles, columns=5)
    return finish(figure, title, caption, height=400, below=20)


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
        zh="一列是一个通道：关掉它，哪些数字就认不出了？空白处一点没变。",
        en="A column is a channel: which digits go unrecognised without it? Where it is blank, nothing changed.",
    )
    title = say(zh="关掉一个通道", en="One channel silenced")
    return finish(figure, title, caption, width=760)


def spirals(x: Float[Tensor, "points 2"], y: Int[Tensor, " points"]) -> go.Figure:
    """Both arms in the plane."""
    figure = go.Figure(_arms(x, y))
    figure.update_xaxes(title="x₀", constrain="domain")
    figure.update_yaxes(title="x₁", scaleanchor="x")
    caption = say(zh="没有一条直线能把橙色与蓝色分开。", en="No straight line parts orange from blue.")
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
