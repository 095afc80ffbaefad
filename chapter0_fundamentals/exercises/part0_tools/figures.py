"""The figures of day 0's tools: plotly, offline, in the learner's language."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish


def _canvas(x: tuple[float, float], y: tuple[float, float]) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(showlegend=False)
    figure.update_xaxes(visible=False, range=x)
    figure.update_yaxes(visible=False, range=y)
    return figure


def _box(figure: go.Figure, x: float, y: float, text: str, colour: str, half: float = 0.42) -> None:
    corners = {"x0": x - half, "x1": x + half, "y0": y - 0.22, "y1": y + 0.22}
    figure.add_shape(type="rect", **corners, line={"color": colour, "width": 2}, fillcolor="white")
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, font={"size": 15})


def _arrow(figure: go.Figure, start: tuple[float, float], end: tuple[float, float], colour: str = GREY) -> None:
    tail = {"ax": start[0], "ay": start[1], "axref": "x", "ayref": "y", "arrowhead": 2, "arrowwidth": 2}
    figure.add_annotation(x=end[0], y=end[1], **tail, arrowcolor=colour, showarrow=True, text="")


def names() -> go.Figure:
    """Names and the lists that they are on, before and after a new list is made."""
    figure = _canvas((-0.2, 6.2), (-0.6, 1.9))
    for left, first, second in ((0.4, (1.34, 0.5), (1.34, 0.5)), (3.6, (4.74, 1.0), (4.58, 0.0))):
        for y, name, target in ((1.0, "run_a", first), (0.0, "run_b", second)):
            _box(figure, left, y, name, BLUE)
            _arrow(figure, (left + 0.45, y), target, BLUE)
    _box(figure, 2.0, 0.5, "[0.9, 0.5]", ORANGE, 0.62)
    _box(figure, 5.4, 1.0, "[0.9, 0.5]", ORANGE, 0.62)
    _box(figure, 5.4, 0.0, "[0.9, 0.5, 0.2]", ORANGE, 0.78)
    figure.add_annotation(x=1.2, y=1.6, text="run_b = run_a", showarrow=False)
    figure.add_annotation(x=4.5, y=1.6, text="run_b = run_b + [0.2]", showarrow=False)
    caption = say(
        zh="蓝框是名字，橙框是对象。左：两个名字贴在同一个列表上，通过哪个名字添一个数，从另一个也看得见。右：加法造了新列表，只有 `run_b` 搬了过去。",
        en="Blue boxes are names, orange ones objects. Left: two names on one list; what is appended through one is seen through the other. Right: the addition made a new list, and only run_b has moved to it.",
    ).replace("`", "")
    return finish(figure, say(zh="名字贴在对象上", en="Names are put on objects"), caption, height=400, bottom=130)


def prefix_sums(values: Sequence[int], start: int, stop: int) -> go.Figure:
    """The values as steps of a stair, with the stretch from `start` to `stop` as the difference of two heights."""
    sums = [0]
    for value in values:
        sums.append(sums[-1] + value)
    figure = go.Figure()
    colours = [ORANGE if i in (start, stop) else BLUE for i in range(len(sums))]
    figure.add_bar(
        x=list(range(len(sums))), y=sums, width=0.5, marker={"color": colours}, text=sums, textposition="outside"
    )
    tail = {"ax": stop + 0.38, "ay": sums[start], "axref": "x", "ayref": "y", "arrowhead": 2, "arrowside": "end+start"}
    figure.add_annotation(x=stop + 0.38, y=sums[stop], **tail, arrowwidth=2, showarrow=True, text="", startarrowhead=2)
    figure.add_shape(type="line", x0=start, x1=stop + 0.38, y0=sums[start], y1=sums[start], line={"dash": "dot"})
    middle = (sums[start] + sums[stop]) / 2
    figure.add_annotation(x=stop + 0.55, y=middle, text=f"<b>{sums[stop] - sums[start]}</b>", showarrow=False)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=say(zh="位置", en="place"), dtick=1)
    figure.update_yaxes(title=say(zh="它之前所有数的和", en="sum of all before it"), range=[0, 1.15 * max(sums)])
    caption = say(
        zh=f"位置 {start} 到 {stop}（含头不含尾）的和，就是两根橙柱的高度差：{sums[stop]} − {sums[start]} = {sums[stop] - sums[start]}。这一段再长，也只减一次。",
        en=f"The sum from place {start} to place {stop} (the stop excluded) is how much higher one orange bar is than the other: {sums[stop]} − {sums[start]} = {sums[stop] - sums[start]}. However long the stretch, it is one subtraction.",
    )
    title = say(zh=f"{list(values)} 的前缀和", en=f"The prefix sums of {list(values)}")
    return finish(figure, title, caption, height=440)


def order(needs: Mapping[str, Sequence[str]], row: Sequence[str]) -> go.Figure:
    """The names of `row` side by side, with an arrow from each thing needed to its user."""
    figure = _canvas((-0.7, len(row) - 0.3), (-1.5, 1.5))
    place = {name: i for i, name in enumerate(row)}
    for user, before in needs.items():
        for name in before:
            start, end = place[name], place[user]
            if end - start == 1:
                _arrow(figure, (start + 0.36, 0), (end - 0.36, 0))
                continue
            side = 1 if start % 2 else -1
            height = side * min(1.3, 0.45 + 0.2 * abs(end - start))
            middle, tip = ((start + end) / 2, 2 * height), (end, 0.26 * side)
            curve = f"M {start},{0.22 * side} Q {middle[0]},{middle[1]} {tip[0]},{tip[1]}"
            figure.add_shape(type="path", path=curve, line={"color": GREY, "width": 2})
            before_tip = tuple(t + 0.08 * (m - t) for m, t in zip(middle, tip, strict=True))
            _arrow(figure, (before_tip[0], before_tip[1]), tip)
    for name, i in place.items():
        _box(figure, i, 0, name, BLUE, 0.34)
    caption = say(
        zh="箭头从“被需要的”指向“需要它的”。排好以后，每一支箭头都向右：从左往右算，要用的总已经算好。",
        en="An arrow points from what is needed to what needs it. In this row every arrow goes to the right: compute from left to right, and what is needed is always there.",
    )
    return finish(figure, say(zh="一个拓扑序", en="A topological order"), caption, height=400)
