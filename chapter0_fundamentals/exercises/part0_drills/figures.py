"""The figures of the drills: plotly, offline, in the learner's language."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish


def times(seconds: dict[str, float]) -> go.Figure:
    """A bar for each way of computing the same."""
    names = {"loop": say(zh="循环", en="loop"), "array": say(zh="数组", en="array")}
    values = [1000 * value for value in seconds.values()]
    shown = [f"{value:.2g} ms" for value in values]
    colours = {"color": [ORANGE, BLUE]}
    bars = go.Bar(y=[names[name] for name in seconds], x=values, orientation="h", text=shown, marker=colours)
    figure = go.Figure(bars)
    figure.update_traces(textposition="outside", cliponaxis=False)
    figure.update_xaxes(title=say(zh="毫秒", en="milliseconds"), range=[0, 1.15 * max(values)])
    caption = say(zh="数组的那一条几乎看不见。", en="The bar of the array can hardly be seen.")
    return finish(figure, say(zh="同一件事所花的时间", en="Time for the same job"), caption, height=330)


def waves(table: Any) -> go.Figure:
    """A table of positions against columns as colours."""
    colours = go.Heatmap(z=np.asarray(table), zmin=-1, zmax=1, colorscale="RdBu", colorbar={"thickness": 12})
    figure = go.Figure(colours)
    figure.update_yaxes(title=say(zh="位置", en="position"), autorange="reversed")
    figure.update_xaxes(title=say(zh="列", en="column"))
    caption = say(
        zh="左边的列变得快，右边的慢：任何两行都不同，相邻的行却相近。",
        en="Columns on the left change fast, those on the right slowly: no two rows are equal, and neighbours are alike.",
    )
    return finish(figure, say(zh="位置编码", en="Encoded positions"), caption)


def places(values: Any) -> go.Figure:
    """Where each sorted value comes from: lines from a row of values to the sorted row."""
    values = np.asarray(values)
    order = np.argsort(values)
    figure = go.Figure()
    for place, source in enumerate(order.tolist()):
        line = {"color": GREY, "width": 2}
        figure.add_scatter(x=[source, place], y=[1, 0], mode="lines", line=line, showlegend=False)
    for y, row, colour in ((1, values, BLUE), (0, values[order], ORANGE)):
        marker = {"color": colour, "size": 44, "symbol": "square"}
        texts = [f"{v:g}" for v in row]
        figure.add_scatter(
            x=list(range(len(row))),
            y=[y] * len(row),
            mode="markers+text",
            text=texts,
            marker=marker,
            textfont={"color": "white", "size": 15},
            showlegend=False,
        )
    figure.update_xaxes(title=say(zh="位置", en="place"), dtick=1, showgrid=False, range=[-0.6, len(values) - 0.4])
    ticks = {"tickvals": [1, 0], "ticktext": [say(zh="原来", en="before"), say(zh="排好", en="sorted")]}
    figure.update_yaxes(showgrid=False, zeroline=False, range=[-0.5, 1.5], **ticks)
    caption = say(
        zh="从下往上读：排好的第 0 格来自原来的哪里，这就是 argsort。从上往下读：每个数去了哪里，这就是名次。",
        en="Read upwards: where does sorted place 0 come from? That is argsort. "
        "Read downwards: where does each number go? Those are the ranks.",
    )
    return finish(figure, say(zh="argsort 与名次", en="argsort and ranks"), caption, height=400)
