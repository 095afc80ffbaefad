"""The figures of the lesson: plotly, offline, in the learner's language."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, PINK, choice, finish

Path = Float[Tensor, "n_iters 2"]
Surface = Callable[[Tensor, Tensor], Tensor]
COLOURS = [ORANGE, BLUE, GREEN, PINK]
FRAMES = 40  # at most so many, however long the paths


def map_of(fn: Surface, x: tuple[float, float], y: tuple[float, float]) -> go.Contour:
    """The contour lines of `fn`, close together where it is low."""
    xs, ys = torch.linspace(*x, 90), torch.linspace(*y, 90)
    heights = fn(xs[None, :].expand(90, 90), ys[:, None].expand(90, 90))
    low = float(heights.min())
    levels = (heights - low + 1e-3 * float(heights.max() - low)).log()
    line = {"width": 1, "color": "#8a8a8a"}
    shades = {"colorscale": [[0, "#a9cfe8"], [0.6, "#e4f0f8"], [1, "#ffffff"]], "showscale": False, "ncontours": 16}
    rounded = [[round(v, 3) for v in row] for row in levels.tolist()]
    return go.Contour(x=xs.tolist(), y=ys.tolist(), z=rounded, line=line, hoverinfo="skip", **shades)


def extent(
    paths: Sequence[Path], lowest: tuple[float, float] | None = (0, 0)
) -> tuple[tuple[float, float], tuple[float, float]]:
    """What a map must show: the lowest place, where the paths begin, and where they go unless they fly away."""
    start = paths[0][0].double()
    places = torch.cat(list(paths)).double()
    reach = 1.6 * float(start.norm()) + 1
    places = places[(places.isfinite() & (places.abs() < reach)).all(dim=1)]
    low, high = torch.cat([places, torch.tensor([start.tolist(), lowest or start.tolist()])]).aminmax(dim=0)
    room = 0.15 * (high - low) + 0.1
    room += (0.3 * (high - low).max() - 0.5 * (high - low)).clamp(min=0)  # no map is a mere strip
    (x0, y0), (x1, y1) = (low - room).tolist(), (high + room).tolist()
    return (x0, x1), (y0, y1)


def points(path: Path, upto: int) -> dict[str, list[float]]:
    """The first places of a path, without those that have flown far away."""
    near = path[:upto][(path[:upto].isfinite() & (path[:upto].abs() < 1e3)).all(dim=1)]
    return {"x": [round(v, 4) for v in near[:, 0].tolist()], "y": [round(v, 4) for v in near[:, 1].tolist()]}


def moments(length: int) -> list[int]:
    """How many places of a path each frame shows, 1 at first and all of them at last."""
    return sorted({1 + round(i * (length - 1) / (FRAMES - 1)) for i in range(FRAMES)})


def play_button(up: int) -> dict[str, Any]:
    """A button that plays the frames, so many pixels above the plot; without `redraw` contours would vanish."""
    how = {"frame": {"duration": 120, "redraw": True}, "transition": {"duration": 0}, "fromcurrent": True}
    play = {"label": say(zh="播放", en="Play"), "method": "animate", "args": [None, how | {"mode": "immediate"}]}
    place = {"x": 1, "y": 1, "xanchor": "right", "yanchor": "bottom", "pad": {"b": up}}
    return {"type": "buttons", "showactive": False, "buttons": [play], **place}


def race(fn: Surface, runs: Mapping[str, Path], lowest: tuple[float, float] | None = (0, 0)) -> go.Figure:
    """The paths side by side, each over its own map, step by step: a button plays them, a slider moves them."""
    paths, count = list(runs.values()), len(runs)
    losses = [float(fn(path[-1, 0], path[-1, 1])) for path in paths]
    told = [f"{name}<br><sup>{say(zh='最后的损失', en='last loss')} {v:.3g}</sup>" for name, v in zip(runs, losses)]  # noqa: B905
    figure = make_subplots(1, count, subplot_titles=told, shared_yaxes=True, horizontal_spacing=0.03)
    x, y = extent(paths, lowest)
    for column, path in enumerate(paths, start=1):
        figure.add_trace(map_of(fn, x, y), 1, column)
        marks = {"mode": "lines+markers", "line": {"color": COLOURS[column - 1], "width": 2}, "marker": {"size": 5}}
        figure.add_scatter(**points(path, len(path)), **marks, row=1, col=column)
        figure.add_scatter(**points(path, 1), mode="markers", marker={"color": "black", "size": 8}, row=1, col=column)
        if lowest:
            mark = {"mode": "markers", "marker": {"symbol": "x", "color": "black", "size": 8}}
            figure.add_scatter(x=[lowest[0]], y=[lowest[1]], **mark, row=1, col=column)
    moving = [len(figure.data) // count * i + 1 for i in range(count)]  # type: ignore
    shown = moments(max(map(len, paths)))
    figure.frames = [
        go.Frame(name=str(n - 1), data=[go.Scatter(points(path, n)) for path in paths], traces=moving) for n in shown
    ]
    figure.update_xaxes(range=list(x), title="x").update_yaxes(range=list(y), zeroline=False)
    figure.update_yaxes(title="y", col=1)
    if 0.25 < (x[1] - x[0]) / (y[1] - y[0]) < 4:  # a valley should look as narrow as it is
        figure.update_xaxes(scaleanchor="y", constrain="domain").update_yaxes(constrain="domain")
    figure.update_layout(showlegend=False, updatemenus=[play_button(24)], sliders=[step_slider(shown)])
    cross = say(zh="叉是最低点，", en="the cross the lowest place, ") if lowest else ""
    caption = say(
        zh=f"黑点是起点，{cross}线是等高线（越近最低处越密），颜色越深损失越低。按“播放”，或拖动滑块，看谁先到、谁在来回晃、谁飞了出去。",
        en=f"The black dot is the start, {cross}lines are contours (denser near the lowest part); the darker, the lower the loss. Press Play or move the slider: who gets there first, who zigzags, who flies away?",
    )
    title = say(zh="同一张地图上的不同走法", en="Different ways over one map")
    finish(figure, title, caption, width=max(620, 250 * count + 60), height=570, bottom=210)
    return figure.update_layout(margin_t=110)


def step_slider(shown: Sequence[int]) -> dict[str, Any]:
    at_once = {"frame": {"duration": 0, "redraw": True}, "mode": "immediate", "transition": {"duration": 0}}
    steps = [{"method": "animate", "label": str(n - 1), "args": [[str(n - 1)], at_once]} for n in shown]
    prefix = {"prefix": say(zh="走了几步：", en="steps taken: ")}
    return {"steps": steps, "active": len(steps) - 1, "currentvalue": prefix, "pad": {"t": 100, "b": 10}, "len": 0.95}


def explorer(fn: Surface, runs: Mapping[tuple[float, float], Path], start: tuple[float, float]) -> go.Figure:
    """The path for a learning rate and a momentum, each with a slider; `start` are the two shown at first.

    A path is seen where both sliders are: one of them sets which traces are visible, the other which are opaque.
    """
    rates, momenta = (sorted({pair[i] for pair in runs}) for i in range(2))
    x, y = extent([path for path in runs.values() if path.abs().max() < 1e3])
    figure = go.Figure(map_of(fn, x, y))
    for (lr, momentum), path in runs.items():
        figure.add_scatter(
            **points(path, len(path)), mode="lines+markers", line={"color": BLUE, "width": 2}, marker={"size": 5},
            visible=lr == start[0], opacity=float(momentum == start[1]), hoverinfo="skip",
        )  # fmt: skip
    shown = moments(max(map(len, runs.values())))
    traces = list(range(1, len(runs) + 1))
    figure.frames = [
        go.Frame(name=str(n - 1), data=[go.Scatter(points(path, n)) for path in runs.values()], traces=traces)
        for n in shown
    ]
    by_rate = [("visible", [pair[0] == lr for pair in runs]) for lr in rates]
    by_momentum = [("opacity", [float(pair[1] == momentum) for pair in runs]) for momentum in momenta]
    sliders = [
        choice(say(zh="学习率：", en="learning rate: "), rates, by_rate, traces, start[0], 90),
        choice(say(zh="动量：", en="momentum: "), momenta, by_momentum, traces, start[1], 180),
    ]
    figure.update_layout(showlegend=False, updatemenus=[play_button(4)], sliders=sliders)
    figure.update_xaxes(range=list(x), title="x", constrain="domain")
    figure.update_yaxes(range=list(y), title="y", zeroline=False, scaleanchor="x", constrain="domain")
    caption = say(
        zh="两个滑块各选一个数，“播放”重新走一遍。先把动量放在 0，找能用的最大学习率；再加动量，看折线怎样变直，又怎样绕起圈来。",
        en="Each slider chooses a number, Play walks the path again. With momentum 0, find the largest learning rate that works; then add momentum: the zigzag straightens, and later circles.",
    )
    title = say(zh="学习率与动量", en="Learning rate and momentum")
    return finish(figure, title, caption, width=720, height=680, bottom=300)


def slower_of_two(smallest: float, largest: float) -> go.Figure:
    """What a step leaves of the flattest and of the most curved direction, for each learning rate."""
    rates = torch.linspace(0, 2.2 / largest, 120)
    figure = go.Figure()
    kinds = (
        (smallest, BLUE, say(zh=f"曲率 {smallest:g}：|1 − {smallest:g}η|", en=f"curvature {smallest:g}")),
        (largest, ORANGE, say(zh=f"曲率 {largest:g}：|1 − {largest:g}η|", en=f"curvature {largest:g}")),
    )
    for curvature, colour, name in kinds:
        left = (1 - rates * curvature).abs().tolist()
        figure.add_scatter(x=rates.tolist(), y=left, mode="lines", line={"color": colour, "width": 2}, name=name)
    slower = torch.maximum(*((1 - rates * c).abs() for c in (smallest, largest))).tolist()
    name = say(zh="两者中慢的一个", en="the slower of both")
    thick = {"color": GREY, "width": 9}
    figure.add_scatter(x=rates.tolist(), y=slower, mode="lines", line=thick, opacity=0.4, name=name)
    best = 2 / (smallest + largest)
    mark = {"color": "black", "size": 10}
    figure.add_scatter(
        x=[best],
        y=[1 - best * smallest],
        mode="markers",
        marker=mark,
        name=say(zh="最好的学习率", en="the best learning rate"),
    )
    figure.add_hline(y=1, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(title=say(zh="学习率 η", en="learning rate η"))
    figure.update_yaxes(title=say(zh="一步之后剩下", en="left after a step"), range=[0, 1.25])
    caption = say(
        zh="灰色粗线在黑点处最低，正是两条线相交的地方。过了黑点，橙线陡升；越过虚线 1，就发散了。",
        en="The thick grey line is lowest at the black dot, where the two others cross. Past it the orange line climbs steeply, and above the dotted 1 it diverges.",
    )
    return finish(figure, say(zh="慢的那个方向说了算", en="The slower direction decides"), caption, width=680)


def convergence(paths: Mapping[float, Path]) -> go.Figure:
    """The distance to the bottom by step, without and with momentum, beside what theory says."""
    figure = go.Figure()
    names = say(zh="梯度下降", en="gradient descent"), say(zh="重球", en="heavy ball")
    for (rate, path), name, colour in zip(paths.items(), names, (ORANGE, BLUE), strict=True):
        distance = path.norm(dim=1)[:200]
        steps = list(range(len(distance)))
        line = {"color": colour, "width": 3}
        figure.add_scatter(x=steps, y=distance.tolist(), mode="lines", line=line, name=name)
        theory = [float(distance[0]) * rate**i for i in steps]
        dashes = {"color": GREY, "width": 2, "dash": "dash"}
        figure.add_scatter(
            x=steps, y=theory, mode="lines", line=dashes, name=say(zh="理论", en="theory") + f" {rate:.4f}"
        )
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(
        title=say(zh="离最低点的距离（对数刻度）", en="distance to the lowest point (log scale)"),
        type="log", exponentformat="power", range=[-9, 2],
    )  # fmt: skip
    caption = say(
        zh="对数刻度上，直线就是“每步乘同一个数”。橙线正压在理论的虚线上；蓝线先高一截，斜率却越来越像虚线。",
        en="On a log scale a straight line means “times the same number at each step”. Orange lies on its dashed theory; blue begins above its own, but its slope comes closer and closer.",
    )
    return finish(figure, say(zh="条件数 100 的谷", en="A valley of condition number 100"), caption, width=720)


def first_steps(raw: Sequence[float], corrected: Sequence[float]) -> go.Figure:
    """The first steps of Adam, in learning rates, without and with bias correction."""
    figure, steps = go.Figure(), list(range(1, len(raw) + 1))
    for values, colour, name in (
        (raw, ORANGE, say(zh="没有修正", en="without correction")),
        (corrected, BLUE, say(zh="有修正", en="with correction")),
    ):
        text = [f"{v:.2f}" for v in values]
        figure.add_bar(x=steps, y=list(values), text=text, textposition="outside", marker_color=colour, name=name)
    figure.update_xaxes(title=say(zh="步", en="step"), dtick=1)
    figure.update_yaxes(title=say(zh="步长（学习率的几倍）", en="size of the step (in learning rates)"))
    caption = say(
        zh="梯度一直是 1。没有修正时，步子一开始就是 3 倍，还越来越大；有修正的从第一步起就是 1。",
        en="The gradient is always 1. Without correction steps begin three times too large, and still grow; with it they are 1 from the first.",
    )
    return finish(figure, say(zh="Adam 的头十步", en="The first ten steps of Adam"), caption, width=720)


def schedule(rates: Sequence[float]) -> go.Figure:
    """The learning rate of each step."""
    figure = go.Figure()
    figure.add_scatter(x=list(range(len(rates))), y=list(rates), mode="lines", line={"color": BLUE, "width": 3})
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="学习率", en="learning rate"), rangemode="tozero")
    caption = say(
        zh="先直线上升，再沿余弦下降，最后停在最低值，不是 0。",
        en="Up a straight line, down a cosine; in the end it stays at the floor, which isn't 0.",
    )
    return finish(figure, say(zh="预热加余弦", en="Warm-up, then a cosine"), caption)


def spike(losses: Mapping[str, Sequence[float]]) -> go.Figure:
    """The loss by step, as it is and with clipping, on a log scale."""
    figure = go.Figure()
    names = say(zh="原样", en="as it is"), say(zh="裁剪", en="clipped")
    for values, colour, name in zip(losses.values(), (ORANGE, BLUE), names, strict=True):
        figure.add_scatter(y=list(values), mode="lines", line={"color": colour, "width": 3}, name=name)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失（对数刻度）", en="loss (log scale)"), type="log", exponentformat="power")
    caption = say(
        zh="第 30 步的梯度大了一千倍。橙线被甩上天，要走很久才回来；蓝线晃了几下，此后没有再高过第 30 步。",
        en="At step 30 the gradient is a thousand times too large. Orange is thrown up and takes long to return; blue swings a little, but after that stays below its loss at step 30.",
    )
    return finish(figure, say(zh="一个坏的梯度", en="One bad gradient"), caption, width=680)
