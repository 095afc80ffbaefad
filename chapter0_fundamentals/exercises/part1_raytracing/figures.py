"""The figures of the first lesson of day 1: plotly, offline, in the learner's language."""

import einops
import plotly.graph_objects as go
import torch
from jaxtyping import Bool, Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, choice, finish, playable


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
            zh="虚线是屏幕：光线穿过它的各点间隔相等。",
            en="Dotted: the screen. The points where the rays cross it are evenly spaced.",
        )
        return finish(figure, say(zh="一排光线", en="A row of rays"), caption)
    caption = say(zh="橙色的光线碰到了线段，蓝色的没有。", en="Orange rays meet a segment, blue ones do not.")
    return finish(figure, say(zh="光线与线段", en="Rays and segments"), caption)


def arrow(figure: go.Figure, start: list[float], end: list[float], color: str, text: str = "") -> None:
    """An arrow in the plane with a text at its middle."""
    tail = {"ax": start[0], "ay": start[1], "axref": "x", "ayref": "y", "xref": "x", "yref": "y"}
    figure.add_annotation(x=end[0], y=end[1], **tail, showarrow=True, arrowhead=3, arrowwidth=2, arrowcolor=color)
    if text:
        middle = [(a + b) / 2 for a, b in zip(start, end, strict=True)]
        figure.add_annotation(
            x=middle[0], y=middle[1], text=text, showarrow=False, font={"color": color}, yshift=12, xshift=-12
        )


def dots(figure: go.Figure, points: Tensor, texts: list[str], color: str, place: str = "top left") -> None:
    """Points of the plane, each with its text."""
    x, y = points.T.tolist()
    marker = {"color": color, "size": 9}
    figure.add_scatter(x=x, y=y, mode="markers+text", text=texts, textposition=place, marker=marker, showlegend=False)


def square(figure: go.Figure, x: tuple[float, float], y: tuple[float, float]) -> go.Figure:
    """The same scale along both axes, over these ranges."""
    figure.update_xaxes(range=x, title="x", zerolinecolor=GREY, constrain="domain")
    return figure.update_yaxes(range=y, title="y", zerolinecolor=GREY, scaleanchor="x", constrain="domain")


def steps(origin: Float[Tensor, " 2"], direction: Float[Tensor, " 2"]) -> go.Figure:
    """The points O + uD of a ray for whole u, what lies behind the eye dashed; and D drawn from 0, as if it were a point."""
    figure = go.Figure()
    for low, high, dash in ((-1.4, 0.0, "dot"), (0.0, 2.6, "solid")):
        x, y = torch.stack([origin + low * direction, origin + high * direction]).T.tolist()
        line = {"color": GREY if low < 0 else BLUE, "dash": dash}
        figure.add_scatter(x=x, y=y, mode="lines", line=line, showlegend=False)
    u = torch.tensor([-1.0, 0, 1, 2])[:, None]
    names = ["u = −1", "u = 0: O", "u = 1", "u = 2"]
    dots(figure, origin + u * direction, names, BLUE)
    arrow(figure, [0.0, 0.0], direction.tolist(), ORANGE)
    dots(figure, direction[None], ["D"], ORANGE, "bottom right")
    caption = say(
        zh="橙色的 D 是一段位移：从 0 画起，它的终点不在光线上；从 O 走一个 D，才到 u = 1。灰色的点线在眼睛背后。",
        en="The orange D is a step: drawn from 0 its end isn't on the ray; one D from O leads to u = 1. Dotted: behind the eye.",
    )
    return finish(square(figure, (-2, 7), (-1, 4.5)), say(zh="走了几个 D", en="How many D"), caption)


def meeting(O: Tensor, D: Tensor, L1: Tensor, L2: Tensor) -> go.Figure:
    """A ray with marks at u = 0, 0.5, …, and a segment with marks at v = 0, 0.25, …: two ways to the same point."""
    figure = go.Figure()
    x, y = torch.stack([O, O + 2.4 * D]).T.tolist()
    figure.add_scatter(x=x, y=y, mode="lines", line={"color": BLUE}, showlegend=False)
    x, y = torch.stack([L1, L2]).T.tolist()
    figure.add_scatter(x=x, y=y, mode="lines", line={"color": "black", "width": 3}, showlegend=False)
    u, v = torch.arange(0, 2.1, 0.5), torch.arange(0, 1.1, 0.25)
    dots(figure, O + u[:, None] * D, [f"u = {x:g}" for x in u.tolist()], BLUE, "bottom center")
    dots(figure, L1 + v[:, None] * (L2 - L1), [f"v = {x:g}" for x in v.tolist()], "black", "top center")
    caption = say(
        zh="两把尺子量到同一个点：沿光线是 u = 1.5，沿线段是 v = 0.5。",
        en="Two rulers lead to one point: along the ray it is u = 1.5, along the segment v = 0.5.",
    )
    return finish(square(figure, (-0.5, 4), (-0.5, 3.5)), say(zh="光线遇到线段", en="A ray meets a segment"), caption)


def pairs_table(
    u: Float[Tensor, "nrays nsegments"], v: Float[Tensor, "nrays nsegments"], hit: Bool[Tensor, "nrays nsegments"]
) -> go.Figure:
    """A row for each ray, a column for each segment; and what `any` leaves of each row."""
    texts = [
        [f"u = {a:.2f}<br>v = {b:.2f}" for a, b in zip(row, other, strict=True)]
        for row, other in zip(u.tolist(), v.tolist(), strict=True)
    ]
    met = torch.cat([hit, hit.any(dim=1, keepdim=True)], dim=1)
    texts = [[*row, str(any(some))] for row, some in zip(texts, hit.tolist(), strict=True)]
    columns = [say(zh=f"线段 {j}", en=f"segment {j}") for j in range(hit.shape[1])]
    rows = [say(zh=f"光线 {i}", en=f"ray {i}") for i in range(hit.shape[0])]
    colors = [[0, "#EEEEEE"], [1, "#F6D99A"]]
    table = go.Heatmap(z=met.int().tolist(), x=[*columns, ".any(dim=-1)"], y=rows, colorscale=colors, zmin=0, zmax=1)
    figure = go.Figure(table.update(text=texts, texttemplate="%{text}", showscale=False, xgap=4, ygap=4))
    figure.update_yaxes(autorange="reversed")
    caption = say(
        zh="每格是一个方程组的解，橙色的碰到了；最右一列是每行有没有橙色。",
        en="Each cell is the solution of one system, and orange is a hit; the last column says whether its row has any orange.",
    )
    return finish(figure, say(zh="每一对一格", en="A cell for each pair"), caption, height=430)


def triangle_coordinates(A: Tensor, B: Tensor, C: Tensor, points: Tensor, weights: Tensor) -> go.Figure:
    """The triangle within its grid of u and v, and points with their coordinates."""
    figure = go.Figure()
    for k in torch.arange(-0.5, 1.51, 0.25).tolist():
        for start, end in (((k, -0.5), (k, 1.5)), ((-0.5, k), (1.5, k))):
            ends = torch.stack([A + a * (B - A) + b * (C - A) for a, b in (start, end)])
            x, y = ends.T.tolist()
            figure.add_scatter(x=x, y=y, mode="lines", line={"color": "#DDDDDD", "width": 1}, showlegend=False)
    x, y = torch.stack([A, B, C, A]).T.tolist()
    fill = {"fill": "toself", "fillcolor": "rgba(0, 114, 178, 0.15)", "line": {"color": BLUE}}
    figure.add_scatter(x=x, y=y, mode="lines", showlegend=False, **fill)
    dots(figure, torch.stack([A, B, C]), ["A", "B", "C"], BLUE, "bottom left")
    for point, (u, v) in zip(points, weights.tolist(), strict=True):
        inside = min(u, v, 1 - u - v) >= 0
        text = f"u = {u:g}, v = {v:g}<br>1 − u − v = {1 - u - v:g}"
        dots(figure, point[None], [text], GREEN if inside else ORANGE, "top center")
    caption = say(
        zh="灰线是 u、v 每隔 0.25 的格子。绿点三个权重都不是负数；右边橙点的 u、v 都在 0 与 1 之间，却在边 BC 之外。",
        en="Grey: u and v in steps of 0.25. The green point has no negative weight; u and v of the orange one on the right are within 0 and 1, yet it is beyond the edge BC.",
    )
    title = say(zh="三角形自己的坐标", en="A triangle's own coordinates")
    return finish(square(figure, (-2.2, 6.2), (-1.2, 3.2)), title, caption)


def turned(matrix: Float[Tensor, "3 3"], point: Float[Tensor, " 3"]) -> go.Figure:
    """Where the basis vectors of the plane go, and a point with them: seen from above, x to the right and y upwards."""
    figure = go.Figure()
    for vector, name in ((torch.eye(3)[0], "x"), (torch.eye(3)[1], "y")):
        arrow(figure, [0, 0], vector[:2].tolist(), GREY, name)
        arrow(figure, [0, 0], (matrix @ vector)[:2].tolist(), BLUE, f"R {name}")
    dots(figure, point[None, :2], ["p"], GREY, "top right")
    dots(figure, (matrix @ point)[None, :2], ["R p"], ORANGE)
    caption = say(
        zh="灰色是转之前，蓝色是两个基向量的去处，也就是矩阵的两列；橙点是两个蓝色箭头之和，离中心与 p 一样远。",
        en="Grey: before. Blue: where the two basis vectors go, the columns of the matrix; the orange point is the sum of both, as far from the centre as p.",
    )
    title = say(zh="绕 z 轴转，从上往下看", en="A turn about the z axis, seen from above")
    return finish(square(figure, (-1.5, 1.7), (-0.5, 1.8)), title, caption)


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


def grid(values: Float[Tensor, " nrays"], num_pixels_y: int) -> list[list[float]]:
    """Rows from the lowest z up; rays come in the order `(y z)`."""
    return einops.rearrange(values, "(y z) -> z y", y=num_pixels_y).tolist()


def _screen_axes(figure: go.Figure) -> None:
    """You look along x with z up, so y grows to the left."""
    figure.update_xaxes(title=say(zh="y（像素）", en="y (pixels)"), autorange="reversed", constrain="domain")
    figure.update_yaxes(title=say(zh="z（像素）", en="z (pixels)"), scaleanchor="x", constrain="domain")


def picture(values: Float[Tensor, " nrays"], num_pixels_y: int, *, en: str, zh: str) -> go.Figure:
    """One value per ray of `make_rays_2d`, as seen from the eye: y grows to the left, z upwards."""
    figure = go.Figure(go.Heatmap(z=grid(values, num_pixels_y), colorscale="Cividis", showscale=False))
    _screen_axes(figure)
    return finish(figure, say(zh=zh, en=en), say(zh="深色处什么也没碰到。", en="Where it is dark, nothing was hit."))


def animation(frames: Float[Tensor, "frames nrays"], num_pixels_y: int, *, en: str, zh: str) -> go.Figure:
    """One picture per frame, with a button that plays them and a slider."""
    top = float(frames.max())
    maps = [
        [go.Heatmap(z=grid(frame, num_pixels_y), colorscale="Cividis", zmin=0, zmax=top, showscale=False)]
        for frame in frames
    ]
    figure = playable(maps)
    _screen_axes(figure)
    caption = say(zh="按“播放”，或拖动滑块。", en="Press Play, or move the slider.")
    return finish(figure, say(zh=zh, en=en), caption, bottom=180)
