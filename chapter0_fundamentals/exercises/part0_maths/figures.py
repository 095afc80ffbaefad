"""The figures of the first maths lesson: plotly, offline, in the learner's language."""

import math

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, finish, with_slider


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
        zh="圆圈里是应有的答案。每个 ReLU 给曲面添一道折痕：只有一道，就既升不起来又降不下去。",
        en="In the circles: the right answers. Each ReLU adds a crease:<br>with one crease the surface could not rise and then fall again.",
    )
    return finish(figure, say(zh="手工设定的 XOR 网络", en="XOR by hand"), caption)


def gradient_depths(norms: dict[str, Float[Tensor, " depth"]]) -> go.Figure:
    """The norm of the gradient per layer, a line for each net."""
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
    return finish(figure, say(zh="梯度与深度", en="Gradients by depth"), caption)


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
        labels.append(f"{float(t):.1f} · det = {float(now.det()):.2f}")
    figure.update_xaxes(title=say(zh="第一个坐标", en="first coordinate"), range=[-5, 5], constrain="domain")
    figure.update_yaxes(title=say(zh="第二个坐标", en="second coordinate"), range=[-5, 5], scaleanchor="x")
    caption = say(
        zh="直线仍是直线，原点不动，蓝色区域的面积是 |det|。<br>det 过 0 的一刻，平面被压成一条线，随后翻面。",
        en="Lines stay lines, 0 stays put, and the blue area is |det|.<br>Where det passes 0 the plane is flat; then it is turned over.",
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
