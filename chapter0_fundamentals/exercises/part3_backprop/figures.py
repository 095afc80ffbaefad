"""The figures of day 3's first lesson: plotly, offline, in the learner's language."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish

SIGNS = {"multiply": "×", "add": "+", "subtract": "−", "true_divide": "÷", "negative": "−", "dot": "@", "matmul": "@"}
WIDE = 3  # numbers of an array that are written out


def five_nodes() -> go.Figure:
    """The graph of c = a b, d = a + c, L = c d at a = 3, b = 2."""
    nodes = {
        "a": ("3", "36"),
        "b": ("2", "45"),
        "c = a × b": ("6", "15"),
        "d = a + c": ("9", "6"),
        "L = c × d": ("54", "1"),
    }
    edges = [(0, 2, "2"), (1, 2, "3"), (0, 3, "1"), (2, 3, "1"), (2, 4, "9"), (3, 4, "6")]
    places = [(0, 1), (0, 0), (1, 0), (2, 1), (3, 0.4)]
    caption = say(
        zh="蓝色：往前算出的值。橙色：L 对这个节点的斜率，从右往左算。箭头上的数是这一步自己的斜率。<br>看 c：有两条箭头出去，9·1 + 1·6 = 15。",
        en="Blue: values, computed from left to right. Orange: the slope of L at the node, from right to left. The number on an arrow is the slope of that step alone. Look at c, which two arrows leave: 9·1 + 1·6 = 15.",
    )
    title = say(zh="五个节点：往前是值，往回是斜率", en="Five nodes: values forward, slopes back")
    return drawn(list(nodes), list(nodes.values()), edges, places, title, caption)


def graph(
    end: Any, get_back_func: Callable[[Callable, int], Callable], names: Mapping[str, Any] | None = None
) -> go.Figure:
    """The computational graph of the Tensor `end`, with the value of each node and the slope of `end` at it.

    `get_back_func(function, place)` looks up a rule; `names` are the words for some of the Tensors. Tensors that want no
    gradient aren't nodes: they stand among the operation's arguments.
    """
    order = walked(end)
    place_of = {id(node): i for i, node in enumerate(order)}
    slopes: dict[int, Any] = {id(end): np.ones_like(end.array)}
    edges: list[tuple[int, int, str]] = []
    for node in reversed(order):
        for i, parent in parents(node):
            rule = get_back_func(node.recipe.func, i)
            slope = rule(slopes[id(node)], node.array, *node.recipe.args, **node.recipe.kwargs)
            slopes[id(parent)] = slopes.get(id(parent), 0) + slope
            edges.append((place_of[id(parent)], place_of[id(node)], ""))
    known = {id(tensor): name for name, tensor in (names or {}).items()}
    labels = [label(node, known) for node in order]
    told = [(numbers(node.array), numbers(slopes[id(node)])) for node in order]
    caption = say(
        zh="蓝色：往前算出的值。橙色：最后那个结果对这个节点的斜率。一个节点有几条箭头出去，它的斜率就是几份之和。<br>不要求梯度的张量和数写在运算里，不是节点。",
        en="Blue: values, computed on the way forward. Orange: the slope of the result at the node. Where several arrows leave a node, its slope is a sum of as many parts. Numbers and tensors that want no gradient stand within the operation and are no nodes.",
    )
    title = say(zh="计算图：值与斜率", en="The computational graph: values and slopes")
    return drawn(labels, told, edges, places(order), title, caption)


def walked(end: Any) -> list[Any]:
    """`end` and the Tensors that it came from, each behind its parents."""
    order, seen, stack = [], set(), [(end, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack += [(node, True), *((parent, False) for _, parent in parents(node)[::-1] if id(parent) not in seen)]
    return order


def parents(node: Any) -> list[tuple[int, Any]]:
    return list(node.recipe.parents.items()) if node.recipe else []


def places(order: Iterable[Any]) -> list[tuple[float, float]]:
    """From left to right by the length of the longest way to a leaf; a leaf stands just left of what uses it first."""
    column: dict[int, int] = {}
    order = list(order)
    for node in order:
        column[id(node)] = 1 + max((column[id(parent)] for _, parent in parents(node)), default=-1)
    for leaf in (node for node in order if not node.recipe):
        users = [column[id(node)] for node in order if any(parent is leaf for _, parent in parents(node))]
        column[id(leaf)] = min(users, default=1) - 1
    found, taken = [], dict.fromkeys(column.values(), 0)
    for node in order:
        x = column[id(node)]
        found.append((x, taken[x] + 0.35 * (x % 2)))
        taken[x] += 1
    return found


def label(node: Any, names: Mapping[int, str]) -> str:
    """`c = a × b` or the like: the operation, with the names and the constants in it."""
    name, recipe = names.get(id(node), ""), node.recipe
    if recipe is None:
        return name or say(zh="叶子", en="leaf")
    written = recipe.func.__name__.removeprefix("array_")
    sign = SIGNS.get(written, "")
    args = [
        names.get(id(recipe.parents[i]), "·") if i in recipe.parents else numbers(arg)
        for i, arg in enumerate(recipe.args)
    ]
    operation = f" {sign} ".join(args) if sign and len(args) == 2 else f"{sign or written} {args[0]}"
    return f"{name} = {operation}" if name else operation


def numbers(value: Any) -> str:
    """A few numbers written out, more by their shape."""
    array = np.asarray(value)
    if array.size > WIDE or array.dtype.kind not in "fiub":
        return str(tuple(array.shape)) if array.dtype.kind in "fiub" else "…"
    return ", ".join(f"{x:.3g}".replace("-", "−") for x in array.astype(float).ravel()) or "[]"


def drawn(
    labels: list[str],
    told: list[tuple[str, str]],
    edges: list[tuple[int, int, str]],
    places: list[tuple[float, float]],
    title: str,
    caption: str,
) -> go.Figure:
    """Boxes with a label, a value and a slope, and arrows with their own slopes."""
    figure = go.Figure()
    for start, stop, slope in edges:
        (x, y), (to_x, to_y) = places[start], places[stop]
        figure.add_annotation(
            x=to_x, y=to_y, ax=x, ay=y, xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
            arrowhead=2, arrowwidth=2, arrowcolor=GREY, standoff=34, startstandoff=34,
        )  # fmt: skip
        if slope:
            middle = {"x": 0.55 * x + 0.45 * to_x, "y": 0.55 * y + 0.45 * to_y}
            figure.add_annotation(**middle, text=slope, showarrow=False, bgcolor="white", font={"color": "#555555"})
    for (x, y), name, (value, slope) in zip(places, labels, told, strict=True):
        words = (
            f"{name}<br><b><span style='color:{BLUE}'>{value}</span></b><br><span style='color:#B07600'>{slope}</span>"
        )
        figure.add_annotation(x=x, y=y, text=words, showarrow=False, bgcolor="white", bordercolor=BLUE, borderpad=5)
    right, top = max(x for x, _ in places), max(y for _, y in places)
    figure.add_scatter(
        x=[-0.5, right + 0.5], y=[-0.5, top + 0.5], mode="markers", marker={"opacity": 0}, hoverinfo="skip"
    )
    figure.update_xaxes(visible=False, range=[-0.5, right + 0.5]).update_yaxes(visible=False, range=[-0.5, top + 0.5])
    width = int(min(1100, max(620, 150 * (right + 1))))
    return finish(figure, title, caption, width=width, height=int(300 + 90 * top), bottom=115, below=15)


def stretched() -> go.Figure:
    """A row of three copied into two rows on the way forward; two rows of slopes added on the way back."""
    figure = go.Figure()
    steps = [
        (0, [["0", "5", "7"]], BLUE, say(zh="b：(3,)", en="b: (3,)")),
        (4.5, [["0", "5", "7"], ["0", "5", "7"]], BLUE, say(zh="用了两次：(2, 3)", en="used twice: (2, 3)")),
        (
            10,
            [["1", "2", "3"], ["10", "20", "30"]],
            ORANGE,
            say(zh="送来的斜率：(2, 3)", en="slopes that arrive: (2, 3)"),
        ),
        (14.5, [["11", "22", "33"]], ORANGE, say(zh="b 的斜率：(3,)", en="slopes at b: (3,)")),
    ]
    for left, rows, colour, name in steps:
        for i, row in enumerate(rows):
            for j, number in enumerate(row):
                x, y = left + j, (len(rows) - 1) / 2 - i
                box = {"x0": x - 0.45, "x1": x + 0.45, "y0": y - 0.45, "y1": y + 0.45}
                figure.add_shape(type="rect", **box, line={"color": colour, "width": 2})
                figure.add_annotation(x=x, y=y, text=number, showarrow=False, font={"size": 15})
        figure.add_annotation(x=left + 1, y=-1.6, text=name, showarrow=False)
    arrows = [((2.6, 0), (3.8, 0.5)), ((2.6, 0), (3.8, -0.5)), ((12.6, 0.5), (13.8, 0)), ((12.6, -0.5), (13.8, 0))]
    for (x, y), (to_x, to_y) in arrows:
        figure.add_annotation(
            x=to_x, y=to_y, ax=x, ay=y, xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
            arrowhead=2, arrowwidth=2, arrowcolor=GREY,
        )  # fmt: skip
    for x, text in ((3.2, say(zh="抄写", en="copy")), (13.2, say(zh="相加", en="add"))):
        figure.add_annotation(x=x, y=1.1, text=text, showarrow=False, font={"color": "#555555"})
    figure.add_scatter(x=[-1, 17], y=[-2, 1.5], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    figure.update_xaxes(visible=False, range=[-0.8, 17]).update_yaxes(visible=False, range=[-2, 1.5], scaleanchor="x")
    caption = say(
        zh="往前：b 的每个数在两行里各用一次。往回：两行送来的斜率，落到同一个数上，加起来。<br>第一列：1 + 10 = 11。",
        en="Forward: each number of b is used in both rows. Back: what arrives from both rows belongs to one number, and is added. First column: 1 + 10 = 11.",
    )
    title = say(zh="广播是抄写，它的反面是求和", en="Broadcasting copies; its opposite is a sum")
    return finish(figure, title, caption, width=760, height=330, bottom=90, below=10)


def fitted(x: Any, predicted: Any, wanted: Any) -> go.Figure:
    """The curve that was to be learned, and the one that was."""
    figure, x, predicted, wanted = go.Figure(), *map(np.ravel, (x, predicted, wanted))
    figure.add_scatter(x=x, y=wanted, mode="markers", marker={"color": GREY, "size": 6}, name=say(zh="数据", en="data"))
    line = {"color": BLUE, "width": 3}
    figure.add_scatter(
        x=x, y=predicted, mode="lines", line=line, name=say(zh="你的引擎训练的网络", en="your engine's network")
    )
    figure.update_xaxes(title=say(zh="输入", en="input")).update_yaxes(title=say(zh="输出", en="output"))
    caption = say(
        zh="蓝线由几段直线拼成：每个折点是一个 ReLU 的尖角。训练挪动了折点，也改了每个折点弯多少。",
        en="The blue line is made of straight pieces: each bend is the corner of a ReLU. Training has moved the bends, and changed how sharp each one is.",
    )
    return finish(figure, say(zh="用自己的引擎拟合正弦", en="A sine fitted by your own engine"), caption)
