"""The figures of the first maths lesson: plotly, offline, in the learner's language."""

import math
from collections.abc import Callable

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, finish, with_slider


def network(
    W1: Float[Tensor, "2 2"],
    b1: Float[Tensor, " 2"],
    W2: Float[Tensor, "1 2"],
    b2: Float[Tensor, " 1"],
    x: Float[Tensor, " 2"],
) -> go.Figure:
    """A net of two inputs, two hidden units and one output, with the numbers that pass through it."""
    z = W1 @ x + b1
    h = z.relu()
    places = {"x1": (0, 1), "x2": (0, 0), "h1": (1, 1), "h2": (1, 0), "y": (2, 0.5)}
    values = dict(zip(places, [*x.tolist(), *h.tolist(), (W2 @ h + b2).item()], strict=True))
    links = [(f"x{j + 1}", f"h{i + 1}", W1[i, j].item()) for i in range(2) for j in range(2)]
    links += [(f"h{j + 1}", "y", W2[0, j].item()) for j in range(2)]
    figure = go.Figure()
    for start, end, weight in links:
        (x0, y0), (x1, y1) = places[start], places[end]
        color = BLUE if weight > 0 else RED
        line = {"color": color, "width": 1 + abs(weight), "dash": "solid" if weight > 0 else "dash"}
        figure.add_scatter(x=[x0, x1], y=[y0, y1], mode="lines", line=line, showlegend=False)
        at = {"x": x0 + 0.3 * (x1 - x0), "y": y0 + 0.3 * (y1 - y0)}
        figure.add_annotation(**at, text=f"{weight:g}", showarrow=False, bgcolor="white", font={"color": color})
    for name, (px, py) in places.items():
        lit = {"size": 46, "color": "#FFE9A8" if values[name] else "#EEEEEE", "line": {"color": GREY, "width": 2}}
        text = {"mode": "markers+text", "text": [f"{name}<br>{values[name]:g}"], "showlegend": False}
        figure.add_scatter(x=[px], y=[py], marker=lit, **text)
    bias = say(zh="偏置", en="bias")
    for (px, py), b, before in (
        (places["h1"], b1[0], f", z = {z[0]:g}"),
        (places["h2"], b1[1], f", z = {z[1]:g}"),
        (places["y"], b2[0], ""),
    ):
        figure.add_annotation(x=px, y=py, yshift=40, text=f"{bias} {b:g}{before}", showarrow=False)
    figure.update_xaxes(visible=False, range=[-0.3, 2.3])
    figure.update_yaxes(visible=False, range=[-0.3, 1.4])
    caption = say(
        zh="线上是权重，负的用虚线。h1 的 z 是负数，门关上了，传出去的是 0（灰）：这个样本里它什么也没说。",
        en="On the lines: weights, dashed where negative. The z of h1 is negative, so its gate is closed and passes on 0 (grey): about this sample it says nothing.",
    )
    return finish(figure, say(zh="一次前向传播", en="One forward pass"), caption, bottom=80, below=15)


def _folded_grid(step: Callable[[Tensor], Tensor], reach: float = 2, lines: int = 9) -> list[tuple[list, list]]:
    """The upright and the level lines of a grid, each kind as one path, after `step`."""
    ends, fine = torch.linspace(-reach, reach, lines), torch.linspace(-reach, reach, 81)
    paths = []
    for level in (False, True):
        xs, ys = [], []
        for c in ends:
            points = torch.stack([fine, c.expand(81)] if level else [c.expand(81), fine], dim=1)
            x, y = step(points).T.tolist()
            xs, ys = [*xs, *x, None], [*ys, *y, None]
        paths.append((xs, ys))
    return paths


def _draw_grid(figure: go.Figure, row: int, column: int, step: Callable[[Tensor], Tensor]) -> None:
    for (xs, ys), color in zip(_folded_grid(step), (SKY, ORANGE), strict=True):
        figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": color, "width": 1}, row=row, col=column)


def folding(
    W: Float[Tensor, "2 2"],
    b: Float[Tensor, " 2"],
    points: Float[Tensor, "n 2"] | None = None,
    labels: list[int] | None = None,
) -> go.Figure:
    """The plane, what W x + b makes of it, and what ReLU makes of that; with labelled points, if given."""
    steps = [lambda x: x, lambda x: x @ W.T + b, lambda x: (x @ W.T + b).relu()]
    titles = [say(zh="平面", en="the plane"), "W x + b", say(zh="ReLU 之后", en="after ReLU")]
    figure = make_subplots(1, 3, subplot_titles=titles, horizontal_spacing=0.07)
    for column, step in enumerate(steps, 1):
        _draw_grid(figure, 1, column, step)
        if points is not None and labels is not None:
            x, y = step(points).T.tolist()
            marker = {
                "size": 20,
                "color": ["black" if v else "white" for v in labels],
                "line": {"color": GREY, "width": 2},
            }
            words = {
                "text": [str(v) for v in labels],
                "textfont": {"color": ["white" if v else "black" for v in labels]},
            }
            figure.add_scatter(x=x, y=y, mode="markers+text", marker=marker, **words, row=1, col=column)
    if points is not None:
        cut = {"color": PINK, "width": 3, "dash": "dash"}
        figure.add_scatter(x=[-0.3, 1.3], y=[1.3, -0.3], mode="lines", line=cut, row=1, col=3)
    reach = 3.1 if points is None else 4.1
    figure.update_xaxes(range=[-reach, reach], constrain="domain")
    for column in range(1, 4):
        figure.update_yaxes(range=[-reach, reach], scaleanchor=f"x{column if column > 1 else ''}", row=1, col=column)
    figure.update_layout(showlegend=False)
    plain = say(
        zh="W x + b 之后，直线仍是直线；ReLU 之后，越过坐标轴的部分全被压到轴上，网格有了折痕。",
        en="After W x + b lines are still lines; after ReLU all that lay beyond an axis is pressed onto it, and the grid has creases.",
    )
    parted = say(
        zh="中图里四个点排在一条线上，0 夹在两个 1 中间（两个 0 重叠）；ReLU 把这条线折成直角，虚线一刀就把 0 切了出来。",
        en="In the middle the four points are on one line, with 0 between the ones (two zeros coincide); ReLU folds this line to a right angle, and the dashed line cuts the zeros off.",
    )
    caption = plain if points is None else parted
    return finish(figure, say(zh="一层弯折空间", en="A layer bends space"), caption, width=780, height=420)


def creases(x: Float[Tensor, " n"], curves: dict[int, Float[Tensor, " n"]]) -> go.Figure:
    """The sine and what nets with so many units answer, inside and outside the region of their knots."""
    figure = go.Figure()
    figure.add_scatter(x=x.tolist(), y=x.sin().tolist(), name="sin x", line={"color": GREY, "width": 4})
    for (units, values), color, dash in zip(curves.items(), (ORANGE, BLUE), ("dash", "solid"), strict=False):
        name = say(zh=f"{units} 个单元", en=f"{units} units")
        figure.add_scatter(x=x.tolist(), y=values.tolist(), name=name, line={"color": color, "dash": dash})
    figure.add_vrect(x0=0, x1=math.tau, fillcolor=SKY, opacity=0.15, line_width=0)
    figure.update_xaxes(title="x")
    figure.update_yaxes(title=say(zh="答案", en="answer"), range=[-1.4, 3.4])
    caption = say(
        zh="蓝底里，折痕越多，贴得越紧；蓝底之外再没有折痕，网络只会一直直走下去。",
        en="On the blue ground more creases follow the curve more closely; outside it there are none, and the net goes straight on.",
    )
    return finish(figure, say(zh="用折痕描一条曲线", en="A curve made of creases"), caption)


def stacked(weights: list[Tensor]) -> go.Figure:
    """A grid after one, two and three layers: above without a gate, below with ReLU after each."""
    after = [say(zh=f"{n} 层之后", en=f"after {n} layer{'s' if n > 1 else ''}") for n in (1, 2, 3)]
    figure = make_subplots(2, 3, subplot_titles=after, horizontal_spacing=0.07, vertical_spacing=0.08)
    shift = torch.tensor([0.4, 0.3])

    def layers(x: Tensor, count: int, gate: bool) -> Tensor:
        for W in weights[:count]:
            x = x @ W.T + shift
            x = x.relu() if gate else x
        return x

    for row, gate in enumerate((False, True), 1):
        for count in (1, 2, 3):
            _draw_grid(figure, row, count, lambda x, count=count, gate=gate: layers(x, count, gate))
    figure.update_yaxes(title=say(zh="没有门", en="no gate"), row=1, col=1)
    figure.update_yaxes(title="ReLU", row=2, col=1)
    figure.update_layout(showlegend=False)
    caption = say(
        zh="上排：多少层都只是一张均匀的、被拉斜的网格，一层就能做到。下排：每层添几道折痕，同样是两个单元的一层，再也做不到。",
        en="Above: after any number of layers it is one even, slanted grid, as one layer can make it. Below: each layer adds creases, and no single layer of two units does that.",
    )
    return finish(
        figure,
        say(zh="没有门，叠多少层都一样", en="Without a gate, a stack is one layer"),
        caption,
        width=780,
        height=560,
    )


def gates(functions: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]]) -> go.Figure:
    """Each activation on the left, its slope on the right."""
    titles = [say(zh="门", en="the gate"), say(zh="它的斜率", en="its slope")]
    figure, z = make_subplots(1, 2, subplot_titles=titles), torch.linspace(-5, 5, 401)
    for (name, both), color, dash in zip(
        functions.items(), (BLUE, ORANGE, GREEN), ("solid", "dash", "dot"), strict=True
    ):
        for column, function in enumerate(both, 1):
            line = {"color": color, "dash": dash}
            y = function(z).tolist()
            figure.add_scatter(x=z.tolist(), y=y, name=name, line=line, showlegend=column == 1, row=1, col=column)
    figure.update_xaxes(title="z")
    figure.update_yaxes(range=[-1.2, 2], row=1, col=1)
    figure.update_yaxes(range=[-0.1, 1.1], row=1, col=2)
    caption = say(
        zh="右图：sigmoid 的斜率最高只有 1/4；sigmoid 和 tanh 的两头几乎是 0（饱和）；ReLU 不是 0 就是 1。",
        en="On the right: the sigmoid's slope is at most 1/4; both ends of sigmoid and tanh are almost 0 (saturated); ReLU has 0 or 1.",
    )
    return finish(figure, say(zh="三种激活函数", en="Three activations"), caption, width=780, height=420)


def signal_depths(sizes: dict[str, Float[Tensor, " depth"]]) -> go.Figure:
    """The size of the signal after each layer, a line for each scale of the weights."""
    figure = go.Figure()
    for (name, values), color, symbol in zip(
        sizes.items(), (ORANGE, BLUE, RED), ("square", "circle", "x"), strict=False
    ):
        layers, marker = list(range(1, len(values) + 1)), {"color": color, "symbol": symbol}
        figure.add_scatter(x=layers, y=values.tolist(), name=name, marker=marker, mode="lines+markers")
    figure.update_xaxes(title=say(zh="层", en="layer"))
    figure.update_yaxes(title=say(zh="h 的大小（对数刻度）", en="size of h (log scale)"), type="log")
    figure.update_yaxes(exponentformat="power")
    caption = say(
        zh="权重的方差是 g/n，每层有 ReLU。g = 2（He）时大小不变；减半，每层乘 0.7；加倍，每层乘 1.4。",
        en="Weights of variance g/n, with ReLU in each layer. At g = 2 (He) the size stays; with half of it each layer multiplies by 0.7, with twice as much by 1.4.",
    )
    return finish(figure, say(zh="权重的尺度决定信号的大小", en="The scale of the weights decides"), caption)


def two_languages(P: Float[Tensor, "2 2"], x: Float[Tensor, " 2"]) -> go.Figure:
    """One arrow over the old grid and over that of the columns of P, with its coordinates in both."""
    new = torch.linalg.solve(P, x).tolist()
    old = x.tolist()
    titles = [say(zh=f"旧坐标 ({a:g}, {b:g})", en=f"old coordinates ({a:g}, {b:g})") for a, b in [old]]
    titles += [say(zh=f"新坐标 ({a:g}, {b:g})", en=f"new coordinates ({a:g}, {b:g})") for a, b in [new]]
    figure = make_subplots(1, 2, subplot_titles=titles)
    for column, (basis, names) in enumerate(((torch.eye(2), ("e₁", "e₂")), (P, ("p₁", "p₂"))), 1):
        xs, ys = _grid_lines(basis, 5)
        quiet = {"mode": "lines", "showlegend": False, "row": 1, "col": column}
        figure.add_scatter(x=xs, y=ys, line={"color": GREY, "width": 1}, **quiet)
        for vector, color, name in zip((*basis.T, x), (BLUE, ORANGE, "black"), (*names, "x"), strict=True):
            _arrow(figure, vector, color, name, column)
    figure.update_xaxes(range=[-0.6, 3.6], constrain="domain")
    figure.update_yaxes(range=[-0.6, 2.6], scaleanchor="x", row=1, col=1)
    figure.update_yaxes(range=[-0.6, 2.6], scaleanchor="x2", row=1, col=2)
    caption = say(
        zh="黑色的箭头在两边是同一支；左边向右走 3 格、向上 1 格，右边沿 p₁ 走 2 格、沿 p₂ 走 1 格，到的是同一个地方。",
        en="The black arrow is the same on both sides; on the left you go 3 cells right and 1 up, on the right 2 along p₁ and 1 along p₂, to the same place.",
    )
    return finish(figure, say(zh="同一支箭头，两种语言", en="One arrow, two languages"), caption, width=780, height=420)


def _arrow(figure: go.Figure, vector: Tensor, color: str, text: str, column: int, dash: str = "solid") -> None:
    """A vector from the origin, its name at its end."""
    x, y = vector.tolist()
    line, marker = {"color": color, "width": 3, "dash": dash}, {"size": [0, 9], "color": color}
    words = {"text": ["", text], "textposition": "top center", "textfont": {"color": color, "size": 14}}
    place = {"showlegend": False, "row": 1, "col": column}
    figure.add_scatter(x=[0, x], y=[0, y], mode="lines+markers+text", line=line, marker=marker, **words, **place)


def kept_directions(A: Float[Tensor, "2 2"], count: int = 16) -> go.Figure:
    """Arrows of length 1 all round, and where a symmetric A sends them; those that stay on their line stand out."""
    figure = go.Figure()
    for k in range(count):
        angle = math.tau * k / count
        v = torch.tensor([math.cos(angle), math.sin(angle)]).to(A)
        image = A @ v
        kept = abs(v[0] * image[1] - v[1] * image[0]) < 1e-4
        color, width = (RED, 5) if kept else (GREY, 1.5)
        ends = ([0, image[0].item()], [0, image[1].item()])
        figure.add_scatter(x=ends[0], y=ends[1], mode="lines", line={"color": color, "width": width}, showlegend=False)
        move = ([v[0].item(), image[0].item()], [v[1].item(), image[1].item()])
        dots = {"color": [BLUE, color], "size": [8, 8], "symbol": ["circle", "diamond"]}
        trail = {"color": SKY, "width": 2, "dash": "dot"}
        figure.add_scatter(x=move[0], y=move[1], mode="lines+markers", line=trail, marker=dots, showlegend=False)
    figure.update_xaxes(range=[-3.2, 3.2], constrain="domain")
    figure.update_yaxes(range=[-3.2, 3.2], scaleanchor="x")
    caption = say(
        zh="蓝点是 v（长度 1），菱形是 A v，虚线是从哪里到哪里。只有红色的还在自己的线上：一条变成 3 倍，一条原样不动；两条互相垂直。",
        en="Blue dots are v (length 1), diamonds A v, and dotted lines say which goes where. Only the red ones stay on their line: one becomes 3 times as long, one is unchanged; they are perpendicular.",
    )
    return finish(figure, say(zh="不变的方向", en="Directions that stay"), caption, height=580, bottom=120)


def turn_stretch_turn(A: Float[Tensor, "2 2"]) -> go.Figure:
    """The unit circle and two perpendicular arrows on their way through the three factors of A."""
    U, S, Vh = torch.linalg.svd(A)
    steps = [torch.eye(2), Vh, S.diag() @ Vh, U @ S.diag() @ Vh]
    names = [say(zh="单位圆", en="unit circle"), "Vᵀ", "S Vᵀ", "U S Vᵀ = A"]
    figure = make_subplots(1, 4, subplot_titles=names, horizontal_spacing=0.04)
    turn = torch.linspace(0, math.tau, 121)
    circle = torch.stack([turn.cos(), turn.sin()])
    for column, step in enumerate(steps, 1):
        x, y = (step @ circle).tolist()
        place = {"showlegend": False, "row": 1, "col": column}
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": SKY}, fill="toself", **place)
        for i, color in enumerate((RED, BLUE)):
            _arrow(figure, step @ Vh[i], color, "v₁v₂"[2 * i : 2 * i + 2] if column == 1 else "", column)
        figure.update_xaxes(range=[-7, 7], row=1, col=column, constrain="domain")
        figure.update_yaxes(range=[-7, 7], scaleanchor=f"x{column if column > 1 else ''}", row=1, col=column)
    caption = say(
        zh="红、蓝两支箭头开始时互相垂直，最后仍然垂直，只是长度成了两个奇异值：6.71 和 2.24。中间那一步只沿坐标轴拉伸。",
        en="The red and the blue arrow are perpendicular at the start and at the end; their lengths have become the two singular values, 6.71 and 2.24. The step in the middle only stretches along the axes.",
    )
    return finish(figure, say(zh="旋转、拉伸、再旋转", en="Rotate, stretch, rotate"), caption, width=820, height=370)


def rebuilt(ranks: tuple[int, ...]) -> go.Figure:
    """The landscape from its first few outer products, beside the original."""
    picture = landscape()
    U, S, Vh = torch.linalg.svd(picture, full_matrices=False)
    titles = [say(zh=f"秩 {k}", en=f"rank {k}") for k in ranks]
    original = say(zh="原图", en="the original")
    figure = make_subplots(2, 2, subplot_titles=[*titles, original], horizontal_spacing=0.04, vertical_spacing=0.1)
    shown = [sum(S[i] * torch.outer(U[:, i], Vh[i]) for i in range(k)) for k in ranks]
    for i, version in enumerate((*shown, picture)):
        shades = {"colorscale": "Gray", "zmin": 0, "zmax": 1, "showscale": False}
        figure.add_heatmap(z=torch.as_tensor(version).flip(0).tolist(), **shades, row=i // 2 + 1, col=i % 2 + 1)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    caption = say(
        zh="一项只能让每一行都是同一行的倍数，所以只有横竖的条纹；五项有了山的轮廓，二十项几乎认不出差别。",
        en="One term can only make every row a multiple of one row, hence the stripes; five show the outline of the hills, and with twenty you hardly see a difference.",
    )
    return finish(
        figure,
        say(zh="几项拼出一张图", en="A picture from a few terms"),
        caption,
        width=780,
        height=600,
        bottom=80,
        below=20,
    )


def xor_surface(
    W1: Float[Tensor, "2 2"], b1: Float[Tensor, " 2"], W2: Float[Tensor, "1 2"], b2: Float[Tensor, " 1"]
) -> go.Figure:
    """What the hand-set net answers all over the plane, and the four points that it was made for."""
    axis = torch.linspace(-0.5, 1.5, 81)
    x2, x1 = torch.meshgrid(axis, axis, indexing="ij")
    hidden = (torch.stack([x1, x2], dim=-1).to(W1) @ W1.T + b1).relu()
    surface = (hidden @ W2.T + b2)[..., 0]
    figure = go.Figure(go.Heatmap(x=axis.tolist(), y=axis.tolist(), z=surface.tolist(), colorscale="Cividis"))
    points = {"color": ["white", "black", "black", "white"], "size": 16, "line": {"color": GREY, "width": 2}}
    words = {"mode": "markers+text", "text": ["0", "1", "1", "0"], "textposition": "middle center"}
    words["textfont"] = {"color": ["black", "white", "white", "black"]}
    figure.add_scatter(x=[0, 0, 1, 1], y=[0, 1, 0, 1], marker=points, showlegend=False, **words)
    figure.update_xaxes(title=say(zh="第一个输入", en="first input"), constrain="domain")
    figure.update_yaxes(title=say(zh="第二个输入", en="second input"), scaleanchor="x", constrain="domain")
    caption = say(
        zh="圆圈里是应有的答案。每个 ReLU 给曲面添一道折痕：只有一道，曲面就没法先升后降。",
        en="In the circles: the right answers. Each ReLU adds a crease:<br>with one crease the surface could not rise and then fall again.",
    )
    return finish(figure, say(zh="手工设定的 XOR 网络", en="XOR by hand"), caption)


def gradient_depths(norms: dict[str, Float[Tensor, " depth"]], alone: bool = False) -> go.Figure:
    """The norm of the gradient per layer, a line for each net; `alone`: single units in a row, without weights."""
    figure = go.Figure()
    for (name, values), color, symbol in zip(
        norms.items(), (BLUE, ORANGE, GREEN), ("circle", "square", "x"), strict=False
    ):
        layers, marker = list(range(1, len(values) + 1)), {"color": color, "symbol": symbol}
        figure.add_scatter(x=layers, y=values.tolist(), name=name, marker=marker, mode="lines+markers")
    figure.update_xaxes(title=say(zh="层（1 离输入最近）", en="layer (1 is next to the input)"))
    figure.update_yaxes(title=say(zh="梯度的范数（对数刻度）", en="norm of the gradient (log scale)"), type="log")
    figure.update_yaxes(exponentformat="power")
    caption = say(
        zh="sigmoid 的线从右往左直落：每退一层，就要乘一次 σ′ ≤ 1/4（权重也有一份，所以不是恰好 1/4）。",
        en="The sigmoid's line falls straight from right to left: each layer back multiplies by σ′ ≤ 1/4<br>(the weights have their share too, so the factor is about 1/4).",
    )
    if alone:
        figure.update_xaxes(title=say(zh="单元（1 离输入最近）", en="unit (1 is next to the input)"))
        figure.update_yaxes(title=say(zh="输出变化的快慢（对数刻度）", en="rate of the output (log scale)"))
        caption = say(
            zh="从右往左，每退一个单元多乘一个斜率：ReLU 的都是 1；sigmoid 的约 0.22，直落十三个数量级；tanh 在中间。",
            en="From right to left each unit multiplies by one more slope: ReLU's are 1; the sigmoid's are about 0.22, so its line falls by thirteen powers of ten; tanh is in between.",
        )
    return finish(figure, say(zh="梯度与深度", en="Gradients by depth"), caption, bottom=115)


def _grid_lines(A: Float[Tensor, "2 2"], reach: int = 3) -> tuple[list, list]:
    """The lines of the unit grid under the map A, as one path with gaps."""
    xs, ys = [], []
    for i in range(-reach, reach + 1):
        for ends in ([[i, -reach], [i, reach]], [[-reach, i], [reach, i]]):
            x, y = (A @ torch.tensor(ends, dtype=A.dtype).T).tolist()
            xs, ys = [*xs, *x, None], [*ys, *y, None]
    return xs, ys


def grid_map(A: Float[Tensor, "2 2"], steps: int = 11) -> go.Figure:
    """The plane's grid on its way from the identity to A, with the basis vectors and their parallelogram."""
    figure, labels = go.Figure(), []
    for t in torch.linspace(0, 1, steps):
        now = torch.lerp(torch.eye(2).to(A), A, t.to(A))
        corners = now @ torch.tensor([[0.0, 1, 1, 0, 0], [0, 0, 1, 1, 0]]).to(A)
        x, y = _grid_lines(now)
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": GREY, "width": 1}, showlegend=False)
        x, y = corners.tolist()
        area = {"fill": "toself", "fillcolor": "rgba(86,180,233,0.35)", "line": {"width": 0}}
        figure.add_scatter(x=x, y=y, mode="lines", showlegend=False, **area)
        for (x, y), color, name in zip(now.T.tolist(), (BLUE, ORANGE), ("A e₁", "A e₂"), strict=True):
            figure.add_scatter(x=[0, x], y=[0, y], name=name, line={"color": color, "width": 4}, mode="lines+markers")
        labels.append(f"{float(t):.1f} · det = {round(float(now.det()), 2) + 0.0:.2f}")
    figure.update_xaxes(title=say(zh="第一个坐标", en="first coordinate"), range=[-5, 5], constrain="domain")
    figure.update_yaxes(title=say(zh="第二个坐标", en="second coordinate"), range=[-5, 5], scaleanchor="x")
    caption = say(
        zh="直线仍是直线，原点不动，蓝色区域的面积是 |det|。<br>det 是 0 时，平面被压扁；det 是负数时，平面翻了面。",
        en="Lines stay lines, 0 stays put, and the blue area is |det|.<br>Where det is 0 the plane is flat; where it is negative, the plane is turned over.",
    )
    with_slider(figure, 0, labels, say(zh="从 I 走向 A：", en="from I to A: "), steps - 1)
    return finish(figure, say(zh="2×2 映射与网格", en="A 2×2 map acting on a grid"), caption, bottom=180)


def landscape(height: int = 72, width: int = 108) -> Float[Tensor, "height width"]:
    """A grey picture between 0 and 1, made by formulas: a sun, two ridges, and a lake."""
    y, x = torch.meshgrid(torch.linspace(1, 0, height), torch.linspace(0, 1.5, width), indexing="ij")
    picture = 0.55 + 0.3 * y  # the sky
    picture = torch.where((x - 1.05) ** 2 + (y - 0.78) ** 2 < 0.012, 1.0, picture)
    far = 0.52 + 0.13 * torch.sin(5 * x) + 0.05 * torch.sin(17 * x + 1)
    near = 0.34 + 0.10 * torch.sin(7 * x + 2) + 0.02 * torch.sin(41 * x)
    picture = torch.where(y < far, 0.42 - 0.1 * y, picture)
    picture = torch.where(y < near, 0.16 + 0.05 * torch.sin(60 * x), picture)
    return torch.where(y < 0.2, 0.62 + 0.08 * torch.sin(120 * y + 6 * torch.sin(3 * x)), picture)


def compression(versions: dict[int, Float[Tensor, "height width"]], errors: dict[int, float]) -> go.Figure:
    """A picture rebuilt from k singular values, k by slider; `errors` are relative."""
    figure, labels = go.Figure(), []
    for k, picture in versions.items():
        height, width = picture.shape
        shades = {"colorscale": "Gray", "zmin": 0, "zmax": 1, "showscale": False}
        figure.add_heatmap(z=picture.flip(0).tolist(), **shades)
        share = k * (height + width + 1) / (height * width)
        kept = say(zh=f"存 {share:.0%} 的数", en=f"{share:.0%} of the numbers")
        labels.append(say(zh=f"{k}（{kept}，误差 {errors[k]:.1%}）", en=f"{k} ({kept}, error {errors[k]:.1%})"))
    figure.update_xaxes(title=say(zh="列", en="column"), constrain="domain")
    figure.update_yaxes(title=say(zh="行（自下而上）", en="row (from below)"), scaleanchor="x", constrain="domain")
    with_slider(figure, 0, labels, say(zh="秩：", en="rank: "), 2)
    figure.layout.sliders[0].font.color = "rgba(0,0,0,0)"  # the labels are long: only the current one is written
    figure.layout.sliders[0].currentvalue.font.color = "#333333"
    caption = say(
        zh="前几个奇异值画出大块的明暗，细节要靠后面的。",
        en="The first singular values paint light and shade, the later ones detail.",
    )
    return finish(figure, say(zh="低秩的风景", en="A landscape of low rank"), caption, bottom=165)


def power_path(errors: dict[str, list[float]]) -> go.Figure:
    """How the angle to the true eigenvector shrinks, a line for each matrix."""
    figure = go.Figure()
    for (name, values), color, dash in zip(errors.items(), (BLUE, ORANGE), ("solid", "dash"), strict=False):
        line = {"color": color, "dash": dash}
        figure.add_scatter(x0=1, y=[math.degrees(v) for v in values], name=name, line=line, mode="lines")
    figure.update_xaxes(title=say(zh="迭代次数", en="number of iterations"))
    figure.update_yaxes(
        title=say(zh="与特征向量的夹角（度，对数刻度）", en="angle to the eigenvector (degrees, log scale)")
    )
    figure.update_yaxes(type="log", exponentformat="power")
    caption = say(
        zh="每一步的倍数是 |λ₂/λ₁|：两个特征值越接近，收敛越慢。",
        en="The factor of each step is |λ₂/λ₁|: the closer the two eigenvalues, the slower.",
    )
    return finish(figure, say(zh="幂迭代", en="Power iteration"), caption)
