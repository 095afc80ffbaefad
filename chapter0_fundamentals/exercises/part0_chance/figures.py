"""The figures of the second maths lesson: plotly, offline, in the learner's language."""

import math

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, SKY, finish, with_slider

DASHES = ("solid", "dash", "dot", "dashdot")


def normal_density(x: Float[Tensor, " n"], mean: float, variance: float) -> Float[Tensor, " n"]:
    """The density of the normal distribution; the variance is not 0."""
    return (-((x - mean) ** 2) / (2 * variance)).exp() / math.sqrt(math.tau * variance)


def balance(values: list[float], probs: list[float]) -> go.Figure:
    """Probabilities as weights on a beam that balances at the expectation."""
    figure, balanced = go.Figure(), sum(v * p for v, p in zip(values, probs, strict=True))
    text = [say(zh=f"概率 {p:g}", en=f"probability {p:g}") for p in probs]
    figure.add_bar(
        x=values,
        y=probs,
        width=0.6,
        marker={"color": BLUE},
        text=text,
        textposition="outside",
        textfont={"size": 13},
        constraintext="none",
    )
    marker = {"symbol": "triangle-up", "size": 28, "color": ORANGE}
    figure.add_scatter(x=[balanced], y=[-0.07], mode="markers", marker=marker)
    figure.add_hline(y=0, line={"color": "black", "width": 4})
    words = say(zh=f"期望 {balanced:g}", en=f"expectation {balanced:g}")
    figure.add_annotation(x=balanced, y=-0.07, text=words, xanchor="left", xshift=20, showarrow=False)
    figure.update_xaxes(title=say(zh="一次得多少", en="what a round pays"), range=[-1, 11], dtick=1)
    figure.update_yaxes(title=say(zh="概率", en="probability"), range=[-0.15, 1.05])
    figure.update_layout(showlegend=False)
    caption = say(
        zh="左边的砝码重而近，右边的轻而远：0.9 × 1 = 0.1 × 9，横梁在 1 处平衡；那里并没有砝码。",
        en="Heavy and near on the left, light and far on the right: 0.9 × 1 = 0.1 × 9, so the beam balances at 1, where no weight lies.",
    )
    return finish(figure, say(zh="期望是支点", en="The expectation is the balance point"), caption)


def dice() -> go.Figure:
    """The exact distribution of the sum of some dice beside the normal one of the same mean and variance."""
    figure, labels = go.Figure(), ["1", "2", "3", "5", "10"]
    die, sums = torch.full((6,), 1 / 6), torch.ones(1)
    for n in range(1, 11):
        sums = torch.nn.functional.conv1d(sums[None, None], die[None, None], padding=5)[0, 0]
        if str(n) not in labels:
            continue
        values = torch.arange(n, 6 * n + 1)
        bars = {"marker": {"color": BLUE}, "name": say(zh="骰子之和", en="sum of dice")}
        figure.add_bar(x=values.tolist(), y=sums.tolist(), **bars)
        grid = torch.linspace(float(values[0]) - 2, float(values[-1]) + 2, 200)
        line, name = {"color": ORANGE, "width": 3}, say(zh="正态密度", en="normal density")
        density = normal_density(grid, 3.5 * n, 35 / 12 * n).tolist()
        figure.add_scatter(x=grid.tolist(), y=density, mode="lines", line=line, name=name)
    figure.update_xaxes(title=say(zh="点数之和", en="sum"))
    figure.update_yaxes(title=say(zh="概率", en="probability"), rangemode="tozero")
    with_slider(figure, 0, labels, say(zh="骰子个数：", en="dice: "))
    caption = say(
        zh="一颗是平的，两颗是三角，三颗就已经像钟；橙线是均值、方差相同的正态分布。",
        en="One die is flat, two make a triangle, three already look like a bell; the orange line is the normal distribution of the same mean and variance.",
    )
    return finish(figure, say(zh="骰子加起来", en="Sums of dice"), caption, bottom=180)


def clouds(x: Float[Tensor, " n"], partners: dict[str, Float[Tensor, " n"]]) -> go.Figure:
    """Four clouds of points with the same X, side by side in two rows."""
    figure = make_subplots(2, 2, subplot_titles=list(partners), horizontal_spacing=0.12, vertical_spacing=0.16)
    for i, y in enumerate(partners.values()):
        points = {"x": x[:600].tolist(), "y": y[:600].tolist()}
        marker = {"color": BLUE, "size": 3, "opacity": 0.6}
        figure.add_scatter(**points, mode="markers", marker=marker, row=i // 2 + 1, col=i % 2 + 1)
    figure.update_xaxes(range=[-4.3, 4.3], dtick=2)
    figure.update_yaxes(range=[-4.3, 4.3], dtick=2)
    figure.update_layout(showlegend=False)
    caption = say(
        zh="右边两团的相关系数都是 0：上面的毫无关系，下面的却全在两条直线上。每一团投到任何一条轴上，都是同样的钟形。",
        en="Both clouds on the right have the correlation 0: the upper one has no pattern at all, the lower one lies on two lines. Seen along either axis, every cloud is the same bell.",
    )
    return finish(figure, say(zh="四团点", en="Four clouds"), caption, width=620, height=700, bottom=120)


Samples = dict[float, Float[Tensor, "n 2"]]


def drawn_by_us() -> Samples:
    """For each rho: samples of X with mean 1 and σ 1 and Y with mean 0 and σ 2, made from the same independent pairs."""
    z = torch.randn(2, 5000, generator=torch.Generator().manual_seed(0))
    rhos = (-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1)
    return {
        rho: torch.stack([1 + z[0], 2 * (rho * z[0] + math.sqrt(1 - rho**2) * z[1])], dim=1) for rho in map(float, rhos)
    }


def correlated_sums(
    samples: Samples | None = None, predicted: dict[float, tuple[float, float]] | None = None
) -> go.Figure:
    """For each rho: a cloud of samples, and the histogram of their sums with the density of the predicted mean and variance."""
    samples = samples or drawn_by_us()
    predicted = predicted or {rho: (1, 5 + 4 * rho) for rho in samples}
    figure, labels = go.Figure(), []
    grid = torch.linspace(-9, 11, 401)
    for rho, sample in samples.items():
        x, y = sample[:400].T.tolist()
        dots = {"mode": "markers", "marker": {"color": BLUE, "size": 4, "opacity": 0.5}, "showlegend": False}
        figure.add_scatter(x=x, y=y, **dots)
        bars = {"xaxis": "x2", "yaxis": "y2", "histnorm": "probability density", "marker": {"color": ORANGE}}
        bins = {"start": -9, "end": 11, "size": 0.5}
        figure.add_histogram(x=sample.sum(dim=1).tolist(), xbins=bins, showlegend=False, **bars)
        mean, variance = predicted[rho]
        density = normal_density(grid, mean, max(variance, 1e-2)).tolist()
        line = {"xaxis": "x2", "yaxis": "y2", "mode": "lines", "line": {"color": "black", "dash": "dot"}}
        figure.add_scatter(x=grid.tolist(), y=density, showlegend=False, **line)
        labels.append(f"{rho:g}")
    figure.update_layout(
        xaxis={"domain": [0, 0.43], "range": [-5, 7], "title": say(zh="X", en="X")},
        yaxis={"range": [-6.6, 6.6], "dtick": 2, "title": say(zh="Y", en="Y")},
        xaxis2={
            "domain": [0.57, 1],
            "range": [-8, 10],
            "title": say(zh="X + Y 的值", en="value of X + Y"),
            "anchor": "y2",
        },
        yaxis2={"range": [0, 0.5], "title": say(zh="密度", en="density"), "anchor": "x2"},
    )
    caption = say(
        zh="左：样本；右：和的分布，虚线是算出来的密度。ρ 越大，和越分散；ρ = −1 时和仍有起伏，因为两个 σ 不相等。",
        en="Left: samples; right: their sums, with the computed density dotted. The larger ρ, the wider; at ρ = −1 the sum still varies, since the two σ differ.",
    )
    with_slider(figure, 0, labels, say(zh="相关系数 ρ = ", en="correlation ρ = "), len(labels) // 2)
    return finish(figure, say(zh="两个正态变量之和", en="The sum of two Gaussians"), caption, bottom=180)


def zoom() -> go.Figure:
    """The parabola and its tangent at 3, magnified by slider."""
    figure, labels = go.Figure(), []
    for half in (3.0, 1.0, 0.3, 0.1, 0.03):
        x = torch.linspace(3 - half, 3 + half, 101)
        curve, tangent = {"color": BLUE, "width": 4}, {"color": ORANGE, "dash": "dash", "width": 3}
        figure.add_scatter(x=x.tolist(), y=(x**2).tolist(), name="x²", line=curve, mode="lines")
        name = say(zh="切线", en="tangent")
        figure.add_scatter(x=x.tolist(), y=(9 + 6 * (x - 3)).tolist(), name=name, line=tangent, mode="lines")
        labels.append(f"{3 / half:.0f}")
    figure.update_xaxes(title="x", ticklabelstandoff=6)
    figure.update_yaxes(title=say(zh="函数值", en="value"))
    with_slider(figure, 0, labels, say(zh="放大倍数：", en="magnified: "))
    caption = say(
        zh="看坐标轴的刻度：放大到 100 倍时，抛物线与斜率 6 的切线已经分不开。",
        en="Watch the scale of the axes: 100 times larger, the parabola and its tangent of slope 6 can't be told apart.",
    )
    return finish(figure, say(zh="放大看，曲线是直的", en="Magnified, the curve is straight"), caption, bottom=180)


def difference_errors(steps: list[float], one_sided: list[float], central: list[float] | None = None) -> go.Figure:
    """The error of a difference quotient against h, both axes logarithmic."""
    figure = go.Figure()
    line, other = {"color": BLUE}, {"color": ORANGE, "dash": "dash"}
    figure.add_scatter(x=steps, y=one_sided, name=say(zh="单侧", en="one-sided"), line=other, mode="lines+markers")
    caption = say(
        zh="从右往左看：h 缩小到十分之一，误差也缩小到十分之一；过了最低点，舍入误差占上风，h 越小反而越糟。",
        en="Read from right to left: divide h by 10, and the error is divided by 10; past the lowest point rounding wins, and a smaller h makes it worse.",
    )
    if central:
        figure.add_scatter(x=steps, y=central, name=say(zh="中心", en="central"), line=line, mode="lines+markers")
        caption = say(
            zh="右边是直线：中心差商的斜率是 2，单侧的是 1。左边舍入误差占了上风：中心差商的最低点更低，h 也更大。",
            en="On the right straight lines: slope 2 for the central difference, 1 for the one-sided.<br>On the left rounding wins: the central one is lowest at a larger h, and lower.",
        )
    figure.update_xaxes(title=say(zh="步长 h（对数刻度）", en="step h (log scale)"), type="log", exponentformat="power")
    figure.update_yaxes(title=say(zh="误差（对数刻度）", en="error (log scale)"), type="log", exponentformat="power")
    return finish(figure, say(zh="差商的误差", en="The error of a difference quotient"), caption)


def taylor(
    x: Float[Tensor, " points"],
    function: Float[Tensor, " points"],
    polynomials: list[Float[Tensor, " points"]],
    a: float,
    caption: str,
) -> go.Figure:
    """A function with its Taylor polynomials at a, the degree by slider."""
    figure = go.Figure()
    line = {"color": GREY, "width": 5}
    figure.add_scatter(x=x.tolist(), y=function.tolist(), name=say(zh="函数", en="function"), line=line, mode="lines")
    here = [float(polynomials[0][0])]
    marker = {"color": "black", "size": 10}
    figure.add_scatter(x=[a], y=here, name=say(zh="展开点 a", en="the point a"), mode="markers", marker=marker)
    for values in polynomials:
        name, line = say(zh="多项式", en="polynomial"), {"color": ORANGE, "dash": "dash", "width": 3}
        figure.add_scatter(x=x.tolist(), y=values.tolist(), name=name, line=line, mode="lines")
    figure.update_xaxes(title="x")
    figure.update_yaxes(title=say(zh="函数值", en="value"), range=[-3, 3])
    labels = [str(degree) for degree in range(len(polynomials))]
    with_slider(figure, 2, labels, say(zh="次数：", en="degree: "), 3)
    return finish(figure, say(zh="泰勒多项式", en="Taylor polynomials"), caption, bottom=180)


def sine() -> go.Figure:
    """The sine with its Taylor polynomials at 0.5, up to degree 13."""
    a, x = 0.5, torch.linspace(-7, 8, 301)
    derivatives = [math.sin(a), math.cos(a), -math.sin(a), -math.cos(a)] * 4
    terms = [derivatives[k] / math.factorial(k) * (x - a) ** k for k in range(14)]
    caption = say(
        zh="次数越高，贴合的范围越宽；走得太远，照样飞走。",
        en="A higher degree fits further; too far out it still flies off.",
    )
    return taylor(x, x.sin(), list(torch.stack(terms).cumsum(dim=0)), a, caption)


def logarithm(x: Float[Tensor, " points"], polynomials: list[Float[Tensor, " points"]]) -> go.Figure:
    """ln(1 + x) with the Taylor polynomials at 0 that were computed for it."""
    caption = say(
        zh="ln(1 + x)：在 −1 与 1 之间，次数越高越准；过了 1，加多少项也靠不近，最后越加越差。",
        en="ln(1 + x): between −1 and 1 a higher degree is closer; beyond 1 no number of terms helps, and in the end it gets worse.",
    )
    return taylor(x, x.log1p(), polynomials, 0.0, caption)


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
        en="Each step multiplies the error by 1 − lr: smooth up to 1, back and forth up to 2, and from 2 on it no longer converges.",
    )
    return finish(figure, say(zh="学习率与收敛", en="Learning rate and convergence"), caption)


def bowl(rates: list[float], start: float, y: float) -> go.Figure:
    """Eight steps of gradient descent as a ball in the bowl ½(x − y)², the learning rate by slider."""
    figure = go.Figure()
    x = torch.linspace(y - 10, y + 10, 201)
    shape = ((x - y) ** 2 / 2).tolist()
    figure.add_scatter(x=x.tolist(), y=shape, name=say(zh="损失", en="loss"), line={"color": GREY, "width": 4})
    for rate in rates:
        path = torch.tensor([y + (1 - rate) ** t * (start - y) for t in range(9)])
        heights = ((path - y) ** 2 / 2).tolist()
        marker, text = {"color": ORANGE, "size": 10}, [str(t) if t < 3 else "" for t in range(len(path))]
        labelled = {"mode": "lines+markers+text", "text": text, "textposition": "top center", "marker": marker}
        line, name = {"color": BLUE, "width": 1}, say(zh="各步", en="steps")
        figure.add_scatter(x=path.tolist(), y=heights, line=line, name=name, **labelled)
    figure.update_xaxes(title=say(zh="位置 x", en="place x"), range=[y - 10, y + 10])
    figure.update_yaxes(title=say(zh="损失", en="loss"), range=[-2, 42])
    with_slider(figure, 1, [f"{rate:g}" for rate in rates], say(zh="学习率 η = ", en="learning rate η = "))
    caption = say(
        zh="η 小于 1 时从一侧滑下；1 与 2 之间跳着下去；2 时永远一样高；2.1 时越跳越高。",
        en="Below 1 the ball comes down one side; between 1 and 2 it jumps across, and down; at 2 it stays as high for ever; at 2.1 it jumps higher and higher.",
    )
    return finish(figure, say(zh="碗里的球", en="A ball in a bowl"), caption, bottom=180)


def losses() -> go.Figure:
    """Loss and slope against the prediction for a label of 1: squared error and cross-entropy."""
    x = torch.linspace(0.01, 1, 200, requires_grad=True)
    figure = go.Figure()
    squared, crossed = say(zh="平方误差", en="squared error"), say(zh="交叉熵", en="cross-entropy")
    for name, values, color in ((squared, (x - 1) ** 2 / 2, BLUE), (crossed, -x.log(), ORANGE)):
        (slopes,) = torch.autograd.grad(values.sum(), x)
        for part, ys, dash in (
            (say(zh="损失", en="loss"), values, "solid"),
            (say(zh="斜率", en="slope"), slopes, "dash"),
        ):
            line = {"color": color, "dash": dash}
            figure.add_scatter(x=x.tolist(), y=ys.tolist(), name=f"{name}: {part}", line=line, mode="lines")
    figure.update_xaxes(title=say(zh="预测的概率 x（标签是 1）", en="predicted probability x (the label is 1)"))
    figure.update_yaxes(title=say(zh="损失与斜率", en="loss and slope"), range=[-8, 5])
    caption = say(
        zh="错得离谱时，平方误差的斜率也只有 −1，交叉熵的却可以任意陡。",
        en="Where the prediction is badly wrong, the squared error has a slope of only −1; cross-entropy is as steep as you like.",
    )
    return finish(figure, say(zh="损失与预测", en="Loss against prediction"), caption)


def flat_tail() -> go.Figure:
    """Both losses for a label of 1 against the score: the squared error of the sigmoid, and cross-entropy."""
    z = torch.linspace(-10, 6, 161)
    figure = go.Figure()
    squared, crossed = (z.sigmoid() - 1) ** 2 / 2, -torch.nn.functional.logsigmoid(z)
    line, other = {"color": BLUE, "width": 3}, {"color": ORANGE, "dash": "dash", "width": 3}
    name = say(zh="平方误差", en="squared error")
    figure.add_scatter(x=z.tolist(), y=squared.tolist(), name=name, line=line, mode="lines")
    name = say(zh="交叉熵", en="cross-entropy")
    figure.add_scatter(x=z.tolist(), y=crossed.tolist(), name=name, line=other, mode="lines")
    figure.update_xaxes(title=say(zh="分数 z（标签是 1）", en="score z (the label is 1)"))
    figure.update_yaxes(title=say(zh="损失", en="loss"), range=[-0.3, 8])
    caption = say(
        zh="左边是错得离谱的地方：平方误差在那里几乎是平的，没有多少坡可下；交叉熵几乎是斜率 −1 的直线。",
        en="On the left the prediction is badly wrong: there the squared error is almost flat, with hardly any slope to go down; cross-entropy is almost a line of slope −1.",
    )
    return finish(figure, say(zh="平的尾巴", en="The flat tail"), caption)


TREES = (  # at each question: the animal asked for; the last two answers end the game
    (("cat", "猫", "1/2", 1), ("dog", "狗", "1/4", 2), ("fox", "狐狸", "1/4", 2)),
    (("fox", "狐狸", "1/4", 1), ("cat", "猫", "1/2", 2), ("dog", "狗", "1/4", 2)),
)


def questions() -> go.Figure:
    """Two ways to ask for three animals, as trees."""
    titles = [
        say(zh="先问猫：平均 1.50 次", en="the cat first: 1.50 on average"),
        say(zh="先问狐狸：平均 1.75 次", en="the fox first: 1.75 on average"),
    ]
    figure = make_subplots(1, 2, subplot_titles=titles)
    for column, leaves in enumerate(TREES, 1):
        xs, ys = [-1.0, 0.0, 2.0], [-1, -2, -2]
        for tail, head in (((0, 0), (-1, -1)), ((0, 0), (1, -1)), ((1, -1), (0, -2)), ((1, -1), (2, -2))):
            edge = {"x": [tail[0], head[0]], "y": [tail[1], head[1]], "mode": "lines", "line": {"color": GREY}}
            figure.add_scatter(**edge, row=1, col=column)
        asked = [say(zh=f"是{leaf[1]}吗？", en=f"{leaf[0]}?") for leaf in leaves[:2]]
        found = [
            say(
                zh=f"{leaf[1]}，{leaf[2]}<br>{leaf[3]} 次",
                en=f"{leaf[0]}, {leaf[2]}<br>{leaf[3]} {'question' if leaf[3] == 1 else 'questions'}",
            )
            for leaf in leaves
        ]
        for x, y, words, color in zip([0, 1], [0, -1], asked, [SKY, SKY], strict=True):
            figure.add_annotation(x=x, y=y, text=words, bgcolor=color, showarrow=False, row=1, col=column)
        for x, y, words in zip(xs, ys, found, strict=True):
            figure.add_annotation(x=x, y=y, text=words, yshift=-16, showarrow=False, row=1, col=column)
    figure.update_xaxes(visible=False, range=[-1.8, 2.8])
    figure.update_yaxes(visible=False, range=[-2.6, 0.3])
    figure.update_layout(showlegend=False)
    caption = say(
        zh="向左是“是”，向右是“不是”。左图的第一问把概率对半分，右图的没有：常见的猫也要问两次。",
        en="Left is yes, right is no. The first question on the left halves the probability; that on the right doesn't, and the frequent cat takes two questions.",
    )
    return finish(figure, say(zh="两种问法", en="Two ways to ask"), caption, height=440, bottom=90, below=15)


def entropies() -> go.Figure:
    """Entropy and cross-entropy of a coin against p, the belief q by slider; between them lies KL."""
    coins = torch.linspace(0.001, 0.999, 200)
    pairs = torch.stack([coins, 1 - coins], dim=1)
    own = torch.special.entr(pairs).sum(dim=1).tolist()
    figure, labels = go.Figure(), []
    line = {"color": BLUE, "width": 4}
    figure.add_scatter(x=coins.tolist(), y=own, name=say(zh="熵 H(p)", en="entropy H(p)"), line=line, mode="lines")
    for q in torch.linspace(0.1, 0.9, 9):
        crossed = (-pairs @ torch.stack([q, 1 - q]).log()).tolist()
        name, line = say(zh="交叉熵 H(p, q)", en="cross-entropy H(p, q)"), {"color": ORANGE, "dash": "dash"}
        figure.add_scatter(x=coins.tolist(), y=crossed, name=name, line=line, mode="lines", fill="tonexty")
        figure.data[-1].fillcolor = "rgba(230,159,0,0.15)"
        labels.append(f"{float(q):.1f}")
    title = say(zh="硬币正面的概率 p", en="probability p of heads")
    figure.update_xaxes(title=title, range=[0, 1], dtick=0.2, ticklabelstandoff=6)
    figure.update_yaxes(title=say(zh="奈特", en="nats"), range=[0, 2.4])
    with_slider(figure, 1, labels, say(zh="信念 q = ", en="belief q = "), 1)
    caption = say(
        zh="虚线是熵曲线在 p = q 处的切线，从不在它下面；两线之间的高度，是信错的代价。",
        en="The dashed line touches the entropy's curve at p = q, and never runs below it; the gap is the price of a wrong belief.",
    )
    return finish(figure, say(zh="硬币的熵与交叉熵", en="Entropy and cross-entropy of a coin"), caption, bottom=180)


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
    figure.update_xaxes(exponentformat="none", separatethousands=True)
    figure.update_yaxes(
        title=say(zh="每个字符的交叉熵（奈特）", en="cross-entropy per character (nats)"), rangemode="tozero"
    )
    caption = say(
        zh="短文本上低得好看，那是背下来的；文本变长，它就升向条件熵。",
        en="On a short text it is low because the model knows the text by heart; on longer ones it rises to the conditional entropy.",
    )
    return finish(figure, say(zh="二元语法模型的交叉熵", en="A bigram model's cross-entropy"), caption)
