"""The figures of the second drills: plotly, offline, in the learner's language."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish


def windows(n: int, *, size: int, hop: int) -> go.Figure:
    """A row of n places, and below it each window that fits, on the places that it covers."""
    figure = go.Figure()
    starts = list(range(0, n - size + 1, hop))
    for row, start in enumerate([None, *starts]):
        xs = list(range(n)) if start is None else list(range(start, start + size))
        colour = GREY if start is None else (BLUE, ORANGE)[row % 2]
        marker = {"color": colour, "size": 26, "symbol": "square"}
        texts = [str(x) for x in xs]
        font = {"color": "white"}
        figure.add_scatter(
            x=xs, y=[-row] * len(xs), mode="markers+text", text=texts, marker=marker, textfont=font, showlegend=False
        )
    ticks = [say(zh="全部", en="all"), *(say(zh=f"窗口 {i}", en=f"window {i}") for i in range(len(starts)))]
    figure.update_yaxes(tickvals=[-i for i in range(len(ticks))], ticktext=ticks, showgrid=False, zeroline=False)
    figure.update_yaxes(range=[-len(starts) - 0.6, 0.6])
    figure.update_xaxes(showgrid=False, dtick=1, title=say(zh="位置", en="place"), range=[-0.7, n - 0.3])
    caption = say(
        zh=f"长 {size} 的窗口，起点每次前进 {hop} 格：相邻两个重叠 {size - hop} 格，末尾放不下整个窗口的就不放。",
        en=f"Windows of {size}, one every {hop} places: neighbours share {size - hop}, "
        "and a window that doesn't fit at the end is left out.",
    )
    return finish(figure, say(zh="窗口", en="Windows"), caption, height=400)


def clouds(before: Any, after: Any) -> go.Figure:
    """Two clouds of points in one plane."""
    figure = go.Figure()
    names = say(zh="原来的", en="as it was"), say(zh="白化以后", en="whitened")
    for points, name, colour in zip((before, after), names, (ORANGE, BLUE), strict=True):
        x, y = np.asarray(points).T
        figure.add_scatter(x=x, y=y, mode="markers", name=name, marker={"color": colour, "size": 5, "opacity": 0.6})
    figure.update_yaxes(scaleanchor="x", title=say(zh="第 1 列", en="column 1"))
    figure.update_xaxes(title=say(zh="第 0 列", en="column 0"))
    caption = say(
        zh="斜而扁的一团变成圆的一团，中心在 0：哪个方向都一样散，两列不再相关。",
        en="A slanted, flat cloud becomes a round one about 0: equally spread in all directions, "
        "and the two columns are no longer correlated.",
    )
    return finish(figure, say(zh="白化", en="Whitening"), caption)
