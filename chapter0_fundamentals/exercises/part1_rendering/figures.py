"""The figures of the second lesson of day 1: plotly, offline, in the learner's language."""

import math
from typing import Any

import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from part1_raytracing.figures import animation, grid, picture
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish

NIGHT = "#0b1d3a"  # what shows through where a picture is nan


def _lamplight(figure: go.Figure, caption: str) -> go.Figure:
    """Grey from black to full light in every frame alike, night where nothing was hit."""
    heatmaps: list[Any] = [*figure.data, *(frame.data[0] for frame in figure.frames)]
    for heatmap in heatmaps:
        heatmap.update(colorscale="Greys_r", zmin=0, zmax=1)
    figure.layout.annotations[0].text = caption
    figure.update_xaxes(showgrid=False, zeroline=False)
    figure.update_yaxes(showgrid=False, zeroline=False)
    return figure.update_layout(plot_bgcolor=NIGHT)


def lit(values: Float[Tensor, " nrays"], num_pixels_y: int, *, en: str, zh: str) -> go.Figure:
    """A picture of `raytrace_mesh_lambert`, as seen from the eye; nan is left blank."""
    caption = say(
        zh="朝着光的面亮，背着光的面只有环境光；深蓝色处什么也没碰到。",
        en="Bright where a face looks at the light, ambient light elsewhere; dark blue: nothing hit.",
    )
    return _lamplight(picture(values, num_pixels_y, en=en, zh=zh), caption)


def lit_animation(frames: Float[Tensor, "frames nrays"], num_pixels_y: int, *, en: str, zh: str) -> go.Figure:
    """One lit picture per frame, with a button that plays them and a slider; nan is left blank."""
    caption = say(
        zh="按“播放”：灯不动，狐狸在转，每个面转到灯前就亮起来。",
        en="Press Play: the lamp stands still, and each face brightens as it turns towards it.",
    )
    blank = frames.isnan()
    figure = _lamplight(animation(frames.masked_fill(blank, 0.0), num_pixels_y, en=en, zh=zh), caption)
    for heatmap, frame in zip((f.data[0] for f in figure.frames), frames, strict=True):
        heatmap.z = grid(frame, num_pixels_y)
    figure.data[0].z = figure.frames[0].data[0].z
    return figure


def card() -> go.Figure:
    """Three cards of the same length in the same beam of eight rays: facing it, tilted by 60 degrees, edge-on."""
    figure = go.Figure()
    for i, angle in enumerate((0, 60, 90)):
        middle, half = 3.2 * i, (math.cos(math.radians(angle)), math.sin(math.radians(angle)))
        ends = [(middle - half[0], -half[1]), (middle + half[0], half[1])]
        caught = 0
        for k in range(8):
            x = middle - 1 + (k + 0.5) / 4
            met = abs(x - middle) < half[0]
            caught += met
            bottom = (x - middle) * half[1] / half[0] if met else -1.3
            line = {"color": ORANGE if met else "#DDDDDD", "width": 2}
            figure.add_scatter(x=[x, x], y=[2.2, bottom], mode="lines", line=line, showlegend=False)
        x, y = zip(*ends, strict=True)
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": "black", "width": 6}, showlegend=False)
        text = f"{angle}°: {caught} / 8<br>cos {angle}° = {abs(math.cos(math.radians(angle))):.1f}"
        figure.add_annotation(x=middle, y=2.7, text=text, showarrow=False)
    figure.update_xaxes(visible=False, range=[-1.5, 7.9])
    figure.update_yaxes(visible=False, range=[-1.5, 3.2], scaleanchor="x")
    caption = say(
        zh="三张一样长的黑色卡片，八条一样的光：橙色的被接住，灰色的从旁边过去。斜得越多，接住的越少。",
        en="Three black cards of one length, the same eight rays: orange ones are caught, grey ones pass by. The more it is tilted, the fewer it catches.",
    )
    return finish(figure, say(zh="斜放在阳光里的卡片", en="A card, tilted in the sun"), caption, height=440, below=20)


def slabs(low: Float[Tensor, " 2"], high: Float[Tensor, " 2"]) -> go.Figure:
    """A box in the plane as the common part of two slabs, and two rays from 0 with the stretch that each has in each slab."""
    figure = go.Figure()
    (x0, y0), (x1, y1) = low.tolist(), high.tolist()
    figure.add_vrect(x0=x0, x1=x1, fillcolor=BLUE, opacity=0.15, line_width=0)
    figure.add_hrect(y0=y0, y1=y1, fillcolor=ORANGE, opacity=0.15, line_width=0)
    for direction in (torch.tensor([2.0, 1]), torch.tensor([2.0, 3])):
        end = 2.3 * direction
        figure.add_scatter(x=[0, end[0]], y=[0, end[1]], mode="lines", line={"color": GREY}, showlegend=False)
        near, far = torch.stack([low / direction, high / direction]).sort(dim=0).values.clamp(min=0)
        for axis, color, shift in ((0, BLUE, 0.06), (1, ORANGE, -0.06)):
            points = torch.stack([near[axis] * direction, far[axis] * direction]) + shift * torch.tensor([-1.0, 1])
            x, y = points.T.tolist()
            figure.add_scatter(x=x, y=y, mode="lines", line={"color": color, "width": 5}, showlegend=False)
    figure.update_xaxes(range=[-1, 6], title="x", constrain="domain")
    figure.update_yaxes(range=[-2, 7], title="y", scaleanchor="x", constrain="domain")
    caption = say(
        zh="蓝色粗线：在 x 的板里的一段；橙色粗线：在 y 的板里的一段。下面的光线两段有重叠，碰到盒子；上面的没有重叠。",
        en="Thick blue: the stretch in the slab of x; thick orange: that in the slab of y. They overlap on the lower ray, which meets the box, and not on the upper one.",
    )
    return finish(figure, say(zh="盒子是两层板的公共部分", en="A box is what two slabs share"), caption)


def candidates(pairs: Int[Tensor, "2 npairs"], ntiles: int, nclusters: int) -> go.Figure:
    """Which blocks of tile and cluster have to be computed."""
    needed = torch.zeros(ntiles, nclusters, dtype=torch.int)
    needed[pairs[0], pairs[1]] = 1
    colors = [[0, "#EEEEEE"], [1, BLUE]]
    figure = go.Figure(go.Heatmap(z=needed.tolist(), colorscale=colors, zmin=0, zmax=1, showscale=False))
    figure.update_xaxes(title=say(zh="簇", en="cluster"))
    figure.update_yaxes(title=say(zh="小片", en="tile"), autorange="reversed")
    caption = say(
        zh="蓝色：两个圆锥相交，这一块 32 × 32 对才要算；灰色的整块略过。",
        en="Blue: the two cones meet, and only then are the 32 × 32 pairs of this block computed; grey blocks are skipped as a whole.",
    )
    return finish(figure, say(zh="哪些块要算", en="Which blocks are computed"), caption)
