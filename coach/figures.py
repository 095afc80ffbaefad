"""What the lessons' figures share: colours that colour-blind eyes tell apart, a title, a caption, a slider, a Play button."""

import re
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from rich.cells import cell_len

from coach.words import in_each, say

# Okabe and Ito's palette, and a grey
BLUE, ORANGE, GREEN, PINK, RED, SKY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9"
GREY = "#999999"
CAPTION = "caption"  # the name of the annotation that is one


def finish(
    figure: go.Figure,
    title: str,
    caption: str,
    *,
    width: int = 620,
    height: int | None = None,
    bottom: int = 95,
    below: int = 55,
) -> go.Figure:
    """The title above; the caption of what to see, `below` pixels under the plot, in a margin of `bottom` pixels.

    Without a `height` the plot is as tall whatever the margin.
    """
    margin = {"l": 75, "r": 30, "t": 70, "b": bottom}
    height = height or 420 + bottom
    figure.update_layout(title=title, template="plotly_white", width=width, height=height, margin=margin)
    figure.update_traces(line_simplify=False, selector={"type": "scatter"})
    letters = (width - margin["l"] - margin["r"]) // 6

    def folded(text: str) -> str:
        return "<br>".join(line for part in text.split("<br>") for line in wrapped(part, letters))

    place = {"x": 0, "y": 0, "yshift": -below, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top"}
    font = {"size": 12, "color": "#555555"}
    told = in_each(folded, caption)
    return figure.add_annotation(text=told, font=font, align="left", showarrow=False, name=CAPTION, **place)


# A word with the space after it, or a Chinese character; with the marks that may not end or begin a line.
FAR_EAST = r"\u3000-\u9fff\uff00-\uffef"
PIECE = re.compile(rf"\s+|[（“《]*(?:[^\s{FAR_EAST}]+|[{FAR_EAST}])[，。；：！？、）”》]*\s*")


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of so many Latin letters at most; a Chinese character takes two, and a line may end behind it."""
    lines = [""]
    for piece in PIECE.findall(text):
        if lines[-1] and cell_len(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]


def with_slider(figure: go.Figure, fixed: int, labels: list[str], prefix: str, start: int = 0) -> go.Figure:
    """A slider whose steps share out the traces after the first `fixed`; it works without a server."""
    traces: Any = figure.data
    share = (len(traces) - fixed) // len(labels)

    def visible(step: int) -> list[bool]:
        return [i < fixed or (i - fixed) // share == step for i in range(len(traces))]

    for trace, shown in zip(traces, visible(start), strict=True):
        trace.visible = shown
    steps = [{"method": "restyle", "args": [{"visible": visible(i)}], "label": x} for i, x in enumerate(labels)]
    return _sliding(figure, steps, prefix, start)


def choice(
    prefix: str, values: Sequence[float], changes: Sequence[Any], traces: list[int], now: float, top: int
) -> Any:
    """A slider that sets one property of the traces, `top` pixels under the plot.

    Where two of them share traces, one sets which are `visible` and the other their `opacity`: seen is what both choose.
    """
    steps = [
        {"method": "restyle", "label": str(value), "args": [{name: states}, traces]}
        for value, (name, states) in zip(values, changes, strict=True)
    ]
    told = {"prefix": prefix}
    return {"steps": steps, "active": values.index(now), "currentvalue": told, "pad": {"t": top, "b": 10}, "len": 0.95}


def playable(frames: list[list[Any]], *, milliseconds: int = 80, redraw: bool = True) -> go.Figure:
    """A figure of these frames, each a list of traces, with a button that plays them and a slider.

    `redraw` is needed for traces other than scatter; without it the points glide from frame to frame.
    """
    figure = go.Figure(frames[0], frames=[go.Frame(data=traces, name=str(i)) for i, traces in enumerate(frames)])
    glide = 0 if redraw else milliseconds
    at_once = {"frame": {"duration": milliseconds, "redraw": redraw}, "transition": {"duration": glide}}
    at_once["mode"] = "immediate"
    play = {"label": say(zh="播放", en="Play"), "method": "animate", "args": [None, at_once | {"fromcurrent": True}]}
    button = {"type": "buttons", "buttons": [play], "x": 1, "y": 1, "xanchor": "right", "yanchor": "bottom"}
    figure.update_layout(updatemenus=[button | {"pad": {"b": 10}}])
    steps = [{"method": "animate", "label": str(i), "args": [[str(i)], at_once]} for i in range(len(frames))]
    return _sliding(figure, steps, say(zh="帧：", en="frame "))


def _sliding(figure: go.Figure, steps: list[dict[str, Any]], prefix: str, start: int = 0) -> go.Figure:
    """The steps as a slider below the caption: give `finish` a `bottom` of 180 for it."""
    below = {"t": 90, "b": 10}
    slider = {"steps": steps, "active": start, "currentvalue": {"prefix": prefix}, "pad": below, "len": 0.95}
    return figure.update_layout(sliders=[slider])
