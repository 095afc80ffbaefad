"""The figures of day 1: plotly, offline, in the learner's language."""

from typing import Any

import einops
import plotly.graph_objects as go
import torch
from jaxtyping import Bool, Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREY, ORANGE, choice, finish, playable


def plane(
    rays: Float[Tensor, "nrays 2 3"],
    segments: Float[Tensor, "nsegments 2 3"] | None = None,
    hits: Bool[Tensor, " nrays"] | None = None,
) -> go.Figure:
    """Rays in the xy plane with the screen at x = 1, and segments; the rays that hit one are orange."""
    figure = go.Figure()
    length = 1.3 if segments is None else 5
    for i, (origin, direction) in enumerate(rays[..., :2]):
        x, y = torch.stack([origin, origin + length * direction], dim=-1).tolist()
        color = ORANGE if hits is not None and hits[i] else BLUE
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": color, "width": 1.5}, showlegend=False)
    for segment in segments if segments is not None else []:
        x, y = segment[:, :2].T.tolist()
        figure.add_scatter(x=x, y=y, mode="lines+markers", line={"color": "black", "width": 4}, showlegend=False)
    figure.add_vline(x=1, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(title=say(zh="x（向前）", en="x (forward)"))
    figure.update_yaxes(title=say(zh="y（水平）", en="y (horizontal)"))
    if segments is None:
        caption = say(
            zh="虚线是屏幕：光线穿过它的各点间隔相等。", en="Dotted: the screen. The rays cross it at equal distances."
        )
        return finish(figure, say(zh="一排光线", en="A row of rays"), caption)
    caption = say(zh="橙色的光线碰到了线段，蓝色的没有。", en="Orange rays meet a segment, blue ones do not.")
    return finish(figure, say(zh="光线与线段", en="Rays and segments"), caption)


def space(rays: Float[Tensor, "nrays 2 3"]) -> go.Figure:
    """Rays in space, with the points where they cross the screen."""
    figure = go.Figure()
    for origin, direction in rays:
        x, y, z = torch.stack([origin, origin + 1.2 * direction], dim=-1).tolist()
        figure.add_scatter3d(x=x, y=y, z=z, mode="lines", line={"color": BLUE}, showlegend=False)
    x, y, z = rays.sum(dim=1).T.tolist()
    numbers = [str(i) for i in range(len(rays))]
    marker = {"color": ORANGE, "size": 3}
    figure.add_scatter3d(x=x, y=y, z=z, mode="markers", marker=marker, text=numbers, hoverinfo="text", showlegend=False)
    axes = {"x": say(zh="x（向前）", en="x (forward)"), "y": say(zh="y（水平）", en="y (horizontal)")}
    axes["z"] = say(zh="z（向上）", en="z (up)")
    scene = {f"{axis}axis": {"title": name} for axis, name in axes.items()}
    figure.update_layout(scene=scene, scene_camera_eye={"x": -1.7, "y": -1.7, "z": 0.9})
    caption = say(
        zh="指着一个点，就看到光线的编号：z 变得快，y 变得慢。",
        en="Point at a dot to see the ray's number: z runs fast, y slowly.",
    )
    return finish(figure, say(zh="一屏光线", en="A screen of rays"), caption)


Aims = dict[tuple[float, float], tuple[Float[Tensor, " 3"], bool]]


def aims(triangle: Float[Tensor, "3 3"], found: Aims, start: tuple[float, float]) -> go.Figure:
    """A ray from the eye through (1, y, z), with a slider for y and one for z, beside its u and v in the triangle's plane.

    `found` holds, for each y and z, the solution (s, u, v) and whether the ray meets the triangle.
    """
    titles = [say(zh="从眼睛看", en="as the eye sees it"), say(zh="三角形的坐标", en="the triangle's coordinates")]
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.16)
    corners = triangle[[0, 1, 2, 0]]
    outline = {"mode": "lines", "fill": "toself", "line": {"color": "black", "width": 2}, "fillcolor": "#dbe9f4"}
    outline |= {"hoverinfo": "skip"}
    figure.add_scatter(
        x=(corners[:, 1] / corners[:, 0]).tolist(), y=(corners[:, 2] / corners[:, 0]).tolist(), **outline
    )
    figure.add_scatter(x=[0, 1, 0, 0], y=[0, 0, 1, 0], **outline, row=1, col=2)
    names = {"mode": "text", "text": ["A", "B", "C"], "textfont": {"size": 15}, "hoverinfo": "skip"}
    y, z = (triangle[:, 1:] / triangle[:, :1]).T.tolist()
    figure.add_scatter(x=y, y=z, textposition=["bottom right", "bottom left", "top center"], **names)
    figure.add_scatter(
        x=[0, 1, 0], y=[0, 0, 1], textposition=["bottom left", "bottom right", "top left"], **names, row=1, col=2
    )
    ys, zs = (sorted({aim[i] for aim in found}) for i in range(2))
    for (y, z), (solution, hit) in found.items():
        s, u, v = (round(float(value), 3) for value in solution)
        seen = {"visible": y == start[0], "opacity": float(z == start[1]), "mode": "markers+text", "hoverinfo": "skip"}
        color = ORANGE if hit else BLUE
        told = say(zh="碰到", en="hit") if hit else say(zh="没碰到", en="missed")
        dot = {"marker": {"size": 13, "color": color}, "textposition": "top center"}
        figure.add_scatter(x=[y], y=[z], text=[told], **seen, **dot)
        numbers = f"s = {s:.2f}, u = {u:.2f}, v = {v:.2f}"
        dot = {
            "marker": {"size": [13, 0], "color": color, "opacity": 1},
            "textposition": "bottom left",
        }  # the numbers in a corner
        figure.add_scatter(x=[u, 2.1], y=[v, 2.15], text=["", numbers], **seen, **dot, row=1, col=2)
    traces, both = list(range(4, 4 + 2 * len(found))), [aim for aim in found for _ in range(2)]
    by_y = [("visible", [aim[0] == y for aim in both]) for y in ys]
    by_z = [("opacity", [float(aim[1] == z) for aim in both]) for z in zs]
    figure.update_layout(
        showlegend=False,
        sliders=[
            choice(say(zh="方向的 y：", en="direction, y: "), ys, by_y, traces, start[0], 90),
            choice(say(zh="方向的 z：", en="direction, z: "), zs, by_z, traces, start[1], 180),
        ],
    )
    figure.update_xaxes(title=say(zh="y（水平）", en="y (horizontal)"), range=[0.75, -0.75], row=1, col=1)
    figure.update_yaxes(title=say(zh="z（向上）", en="z (up)"), range=[-0.75, 0.85], row=1, col=1)
    figure.update_xaxes(title="u", range=[-1.3, 2.1], row=1, col=2)
    figure.update_yaxes(title="v", range=[-1.3, 2.3], row=1, col=2)
    caption = say(
        zh="橙色的点碰到了三角形。右边是同一条光线解出的 u 和 v：在 u ≥ 0、v ≥ 0、u + v ≤ 1 之内才算碰到。",
        en="An orange dot is a hit. On the right are the u and v of the same ray: it hits only where u ≥ 0, v ≥ 0 and u + v ≤ 1.",
    )
    title = say(zh="一条光线与一个三角形", en="A ray and a triangle")
    return finish(figure, title, caption, width=730, height=700, bottom=300)


def _grid(values: Float[Tensor, " nrays"], num_pixels_y: int) -> list[list[float]]:
    """Rows from the lowest z up; rays come in the order `(y z)`."""
    return einops.rearrange(values, "(y z) -> z y", y=num_pixels_y).tolist()


def _screen_axes(figure: go.Figure) -> None:
    """You look along x with z up, so y grows to the left."""
    figure.update_xaxes(title=say(zh="y（像素）", en="y (pixels)"), autorange="reversed", constrain="domain")
    figure.update_yaxes(title=say(zh="z（像素）", en="z (pixels)"), scaleanchor="x", constrain="domain")


def picture(values: Float[Tensor, " nrays"], num_pixels_y: int, *, en: str, zh: str) -> go.Figure:
    """One value per ray of `make_rays_2d`, as seen from the eye: y grows to the left, z upwards."""
    figure = go.Figure(go.Heatmap(z=_grid(values, num_pixels_y), colorscale="Cividis", showscale=False))
    _screen_axes(figure)
    return finish(figure, say(zh=zh, en=en), say(zh="深色处什么也没碰到。", en="Where it is dark, nothing was hit."))


def animation(frames: Float[Tensor, "frames nrays"], num_pixels_y: int, *, en: str, zh: str) -> go.Figure:
    """One picture per frame, with a button that plays them and a slider."""
    top = float(frames.max())
    maps = [
        [go.Heatmap(z=_grid(frame, num_pixels_y), colorscale="Cividis", zmin=0, zmax=top, showscale=False)]
        for frame in frames
    ]
    figure = playable(maps)
    _screen_axes(figure)
    caption = say(zh="按“播放”，或拖动滑块。", en="Press Play, or move the slider.")
    return finish(figure, say(zh=zh, en=en), caption, bottom=180)


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
        heatmap.z = _grid(frame, num_pixels_y)
    figure.data[0].z = figure.frames[0].data[0].z
    return figure
