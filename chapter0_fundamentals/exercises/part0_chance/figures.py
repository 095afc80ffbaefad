"""The figures of the second maths lesson: plotly, offline, in the learner's language."""

import math
from collections.abc import Callable

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, finish, with_slider

DASHES = ("solid", "dash", "dot", "dashdot")


def normal_density(x: Float[Tensor, " n"], mean: float, variance: float) -> Float[Tensor, " n"]:
    """The density of the normal distribution; the variance is not 0."""
    return (-((x - mean) ** 2) / (2 * variance)).exp() / math.sqrt(math.tau * variance)


def correlated_sums(
    samples: dict[float, Float[Tensor, "n 2"]], predicted: dict[float, tuple[float, float]]
) -> go.Figure:
    """For each rho: the cloud of samples, and the histogram of their sums with the predicted density."""
    figure, labels = go.Figure(), []
    grid = torch.linspace(-9, 11, 401)
    for rho, sample in samples.items():
        x, y = sample[:400].T.tolist()
        dots = {"mode": "markers", "marker": {"color": BLUE, "size": 4, "opacity": 0.5}, "showlegend": False}
        figure.add_scatter(x=x, y=y, **dots)
        bars = {"xaxis": "x2", "yaxis": "y2", "histnorm": "probability density", "marker": {"color": ORANGE}}
        bins = {"start": -9, "end": 11, "size": 0.25}
        figure.add_histogram(x=sample.sum(dim=1).tolist(), xbins=bins, showlegend=False, **bars)
        mean, variance = predicted[rho]
        density = normal_density(grid, mean, max(variance, 1e-2)).tolist()
        line = {"xaxis": "x2", "yaxis": "y2", "mode": "lines", "line": {"color": "black", "dash": "dot"}}
        figure.add_scatter(x=grid.tolist(), y=density, showlegend=False, **line)
        labels.append(f"{rho:g}")
    figure.update_layout(
        xaxis={"domain": [0, 0.43], "range": [-5, 7], "title": say(zh="X", en="X")},
        yaxis={"range": [-6, 6], "title": say(zh="Y", en="Y")},
        xaxis2={
            "domain": [0.57, 1],
            "range": [-8, 10],
            "title": say(zh="X + Y 的值", en="value of X + Y"),
            "anchor": "y2",
        },
        yaxis2={"range": [0, 0.5], "title": say(zh="密度", en="density"), "anchor": "x2"},
    )
    caption = say(
        zh="左：样本；右：和的分布，虚线是预言。ρ 越大，和越分散；ρ = −1 时 σ 不相等，和仍有起伏。",
        en="Left: samples; right: their sums, dotted as predicted. The larger ρ, the wider;<br>at ρ = −1 the sum still varies, since the σ differ.",
    )
    with_slider(figure, 0, labels, say(zh="相关系数 ρ = ", en="correlation ρ = "), len(labels) // 2)
    return finish(figure, say(zh="两个正态变量之和", en="The sum of two Gaussians"), caption, bottom=180)


def difference_errors(steps: list[float], central: list[float], one_sided: list[float]) -> go.Figure:
    """The error of a difference quotient against h, both axes logarithmic."""
    figure = go.Figure()
    line, other = {"color": BLUE}, {"color": ORANGE, "dash": "dash"}
    figure.add_scatter(x=steps, y=central, name=say(zh="中心", en="central"), line=line, mode="lines+markers")
    figure.add_scatter(x=steps, y=one_sided, name=say(zh="单侧", en="one-sided"), line=other, mode="lines+markers")
    figure.update_xaxes(title=say(zh="步长 h（对数刻度）", en="step h (log scale)"), type="log", exponentformat="power")
    figure.update_yaxes(title=say(zh="误差（对数刻度）", en="error (log scale)"), type="log", exponentformat="power")
    caption = say(
        zh="右边是直线：中心差商的斜率是 2，单侧的是 1。左边舍入误差占了上风：h 不是越小越好。",
        en="On the right straight lines: slope 2 for the central difference, 1 for the one-sided.<br>On the left rounding wins: a smaller h is not always better.",
    )
    return finish(figure, say(zh="差商的误差", en="The error of a difference quotient"), caption)


def taylor(
    x: Float[Tensor, " points"],
    function: Float[Tensor, " points"],
    polynomials: list[Float[Tensor, " points"]],
    a: float,
) -> go.Figure:
    """A function with its Taylor polynomials about a, the degree by slider."""
    figure = go.Figure()
    line = {"color": GREY, "width": 5}
    figure.add_scatter(x=x.tolist(), y=function.tolist(), name=say(zh="函数", en="function"), line=line, mode="lines")
    here = [float(polynomials[0][0])]
    marker = {"color": "black", "size": 10}
    figure.add_scatter(x=[a], y=here, name=say(zh="展开点", en="about here"), mode="markers", marker=marker)
    for values in polynomials:
        name, line = say(zh="多项式", en="polynomial"), {"color": ORANGE, "dash": "dash", "width": 3}
        figure.add_scatter(x=x.tolist(), y=values.tolist(), name=name, line=line, mode="lines")
    figure.update_xaxes(title="x")
    figure.update_yaxes(title=say(zh="函数值", en="value"), range=[-3, 3])
    labels = [str(degree) for degree in range(len(polynomials))]
    with_slider(figure, 2, labels, say(zh="次数：", en="degree: "), 3)
    caption = say(
        zh="次数越高，贴合的范围越宽；走得太远，照样飞走。",
        en="A higher degree fits further; too far out it still flies off.",
    )
    return finish(figure, say(zh="泰勒多项式", en="Taylor polynomials"), caption, bottom=180)


def descents(paths: dict[float, Float[Tensor, " n"]], y: float) -> go.Figure:
    """The value at each step of gradient descent, for several learning rates."""
    figure = go.Figure()
    colors = (BLUE, ORANGE, GREEN, "#CC79A7")
    for (lr, path), color, dash in zip(paths.items(), colors, DASHES, strict=True):
        line = {"color": color, "dash": dash}
        figure.add_scatter(y=path.tolist(), name=f"lr = {lr:g}", line=line, mode="lines+markers")
    figure.add_hline(y=y, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(title=say(zh="步数", en="step"))
    figure.update_yaxes(title=say(zh="预测 x", en="prediction x"), range=[-4, 8])
    caption = say(
        zh="误差每步乘 1 − lr：0 到 1 之间平稳，1 到 2 之间来回跳着收敛，到 2 就不再收敛。",
        en="Each step multiplies the error by 1 − lr: smooth up to 1, to and fro up to 2, and from 2 on lost.",
    )
    return finish(figure, say(zh="学习率与收敛", en="Learning rate and convergence"), caption)


def losses(mse: Callable[[Tensor], Tensor], bce: Callable[[Tensor], Tensor]) -> go.Figure:
    """Loss and slope against the prediction for a label of 1: squared error and cross-entropy."""
    x = torch.linspace(0.01, 1, 200, requires_grad=True)
    figure = go.Figure()
    for name, loss, color in (("MSE", mse, BLUE), ("BCE", bce, ORANGE)):
        values = loss(x)
        (slopes,) = torch.autograd.grad(values.sum(), x)
        for part, ys, dash in (
            (say(zh="损失", en="loss"), values, "solid"),
            (say(zh="斜率", en="slope"), slopes, "dash"),
        ):
            line = {"color": color, "dash": dash}
            figure.add_scatter(x=x.tolist(), y=ys.tolist(), name=f"{name} {part}", line=line, mode="lines")
    figure.update_xaxes(title=say(zh="预测的概率 x（标签是 1）", en="predicted probability x (the label is 1)"))
    figure.update_yaxes(title=say(zh="损失与斜率", en="loss and slope"), range=[-8, 5])
    caption = say(
        zh="错得离谱时，MSE 的斜率也只有 −1，BCE 的却可以任意陡。",
        en="Where the prediction is badly wrong, MSE's slope is a mere −1; BCE's is as steep as you like.",
    )
    return finish(figure, say(zh="损失与预测", en="Loss against prediction"), caption)


def entropies(entropy: Callable[[Tensor], Tensor], cross_entropy: Callable[[Tensor, Tensor], Tensor]) -> go.Figure:
    """Entropy and cross-entropy of a coin against p, the guess q by slider; between them lies KL."""
    coins = torch.linspace(0.001, 0.999, 200)
    pairs = torch.stack([coins, 1 - coins], dim=1)
    own = [float(entropy(p)) for p in pairs]
    figure, labels = go.Figure(), []
    line = {"color": BLUE, "width": 4}
    figure.add_scatter(x=coins.tolist(), y=own, name=say(zh="熵 H(p)", en="entropy H(p)"), line=line, mode="lines")
    for q in torch.linspace(0.1, 0.9, 9):
        guess = torch.stack([q, 1 - q])
        crossed = [float(cross_entropy(p, guess)) for p in pairs]
        name, line = say(zh="交叉熵 H(p, q)", en="cross-entropy H(p, q)"), {"color": ORANGE, "dash": "dash"}
        figure.add_scatter(x=coins.tolist(), y=crossed, name=name, line=line, mode="lines", fill="tonexty")
        figure.data[-1].fillcolor = "rgba(230,159,0,0.15)"
        labels.append(f"{float(q):.1f}")
    figure.update_xaxes(title=say(zh="硬币正面的概率 p", en="probability p of heads"))
    figure.update_yaxes(title=say(zh="奈特", en="nats"), range=[0, 2.4])
    with_slider(figure, 1, labels, say(zh="猜测 q = ", en="guess q = "), 1)
    caption = say(
        zh="虚线是熵曲线在 p = q 处的切线，永远不在它下面；两线之间的高度就是 KL。",
        en="The dashed line touches the entropy's curve at p = q, and never runs below it; the gap is KL.",
    )
    return finish(figure, say(zh="熵、交叉熵与 KL", en="Entropy, cross-entropy and KL"), caption, bottom=180)


def approach(lengths: list[int], measured: list[float], limit: float, baseline: float) -> go.Figure:
    """A bigram model's cross-entropy on its own text, by the text's length."""
    figure = go.Figure()
    name = say(zh="二元语法模型", en="bigram model")
    figure.add_scatter(x=lengths, y=measured, name=name, line={"color": BLUE}, mode="lines+markers")
    for height, words in (
        (limit, say(zh="条件熵", en="conditional entropy")),
        (baseline, say(zh="均匀猜测", en="uniform guess")),
    ):
        figure.add_hline(y=height, line={"color": GREY, "dash": "dot"}, annotation_text=words)
    figure.update_xaxes(title=say(zh="文本长度（对数刻度）", en="length of the text (log scale)"), type="log", dtick=1)
    figure.update_yaxes(
        title=say(zh="每个字符的交叉熵（奈特）", en="cross-entropy per character (nats)"), rangemode="tozero"
    )
    caption = say(
        zh="短文本上低得好看，那是背下来的；文本变长，它就升向条件熵。",
        en="On short texts it is flatteringly low, by heart; with length it rises to the conditional entropy.",
    )
    return finish(figure, say(zh="二元语法模型的交叉熵", en="A bigram model's cross-entropy"), caption)
