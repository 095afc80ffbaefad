"""The figures of the tensor lesson: plotly, offline, in the learner's language."""

from collections.abc import Callable, Mapping, Sequence

import plotly.graph_objects as go
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY, finish

PALE = "#F0F0F0"
COLOURS = ["#F6D99A", "#A9D3EE", "#A5DCC6", "#EBC9DC", "#F0B48A", "#D5D5D5"]


def cell(figure: go.Figure, x: float, y: float, text: str, colour: str, faint: bool = False) -> None:
    """One cell of memory or of a table, its centre at (x, y)."""
    ink = GREY if faint else "black"
    edge = {"color": GREY if faint else "#555555", "width": 1, "dash": "dot" if faint else "solid"}
    corners = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
    figure.add_shape(type="rect", fillcolor=colour, line=edge, label={"text": text, "font": {"color": ink}}, **corners)


def words(figure: go.Figure, x: float, y: float, text: str, colour: str = "black") -> None:
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, font={"color": colour})


def drawing(figure: go.Figure, title: str, caption: str, x: tuple[float, float], y: tuple[float, float]) -> go.Figure:
    """A drawing without axes, whose cells are squares."""
    figure.update_xaxes(visible=False, range=list(x))
    figure.update_yaxes(visible=False, range=list(y), scaleanchor="x")
    height = round(515 * (y[1] - y[0]) / (x[1] - x[0]))
    return finish(figure, title, caption, height=height + 165, below=20)


def memory(readings: Mapping[str, Tensor]) -> go.Figure:
    """A line of six cells, and each tensor that reads it, coloured by cell."""
    figure, left = go.Figure(), 0.0
    for name, tensor in readings.items():
        rows, columns = tensor.shape
        for i in range(rows):
            for j in range(columns):
                place = tensor.storage_offset() + i * tensor.stride(0) + j * tensor.stride(1)
                cell(figure, left + j, 4.5 - i, f"{tensor[i, j]:g}", COLOURS[place])
        words(figure, left + (columns - 1) / 2, 5.5, name)
        words(figure, left + (columns - 1) / 2, 1.6, f"stride {tensor.stride()}<br>offset {tensor.storage_offset()}")
        left += columns + 1.6
    for place in range(6):
        cell(figure, place + 1.6, 0, f"{place}", COLOURS[place])
    words(figure, 0.2, 0, say(zh="内存", en="memory"))
    caption = say(
        zh="同一种颜色就是同一格内存：三张表只是读法不同，一个数也没有搬。",
        en="One colour is one cell of memory: the three tables only read it differently, and not one number was moved.",
    )
    return drawing(
        figure, say(zh="六个数，三种读法", en="Six numbers, read in three ways"), caption, (-1, 10), (-0.8, 6)
    )


def vanishing(table: Float[Tensor, "2 3"]) -> go.Figure:
    """A table with its sums over either axis."""
    figure = go.Figure()
    for i in range(2):
        for j in range(3):
            cell(figure, j, 3 - i, f"{table[i, j]:g}", COLOURS[1])
        cell(figure, 4.5, 3 - i, f"{table.sum(dim=1)[i]:g}", COLOURS[0])
    for j in range(3):
        cell(figure, j, 0.5, f"{table.sum(dim=0)[j]:g}", COLOURS[2])
    words(figure, 3.25, 2.5, "dim=1 →")
    words(figure, 1, 1.27, "dim=0 ↓")
    words(figure, 5, 1.15, say(zh="列消失了：(2,)", en="the columns are gone: (2,)"))
    words(figure, 1, -0.4, say(zh="行消失了：(3,)", en="the rows are gone: (3,)"))
    caption = say(
        zh="dim=0 从上往下加，行消失，每列剩一个数；<br>dim=1 从左往右加，列消失，每行剩一个数。",
        en="dim=0 adds downwards: the rows vanish, one number is left for each column. dim=1 adds to the right.",
    )
    return drawing(figure, say(zh="哪个轴消失", en="Which axis vanishes"), caption, (-1.5, 7.5), (-0.8, 3.8))


def stencils(flat: Float[Tensor, " 3"], upright: Float[Tensor, "3 1"]) -> go.Figure:
    """A row and a column, each repeated over a square, and their difference."""
    figure, difference = go.Figure(), flat - upright
    for i in range(3):
        for j in range(3):
            cell(figure, j, 2 - i, f"{flat[j]:g}", COLOURS[1] if i == 0 else PALE, faint=i > 0)
            cell(figure, j + 4, 2 - i, f"{upright[i, 0]:g}", COLOURS[0] if j == 0 else PALE, faint=j > 0)
            cell(figure, j + 8, 2 - i, f"{difference[i, j]:g}", COLOURS[2])
    for x, text in ((1, "(3,)"), (5, "(3, 1)"), (9, "(3, 3)")):
        words(figure, x, 2.9, text)
    words(figure, 3, 1, "−")
    words(figure, 7, 1, "=")
    caption = say(
        zh="只有彩色的格子占内存，虚线格子是重复：横着的每行一份，竖着的每列一份，<br>叠在一起就是九个差。",
        en="Only the coloured cells are in memory, the dotted ones repeat them: in each row, in each column. Laid on each other they give nine differences.",
    )
    return drawing(figure, say(zh="广播", en="Broadcasting"), caption, (-1, 11), (-0.8, 3.4))


def gathered(matrix: Int[Tensor, "m n"], indexes: Int[Tensor, "m k"]) -> go.Figure:
    """A matrix, the columns asked for, and what they are; coloured by where each comes from."""
    figure = go.Figure()
    (m, n), k = matrix.shape, indexes.shape[1]
    for i in range(m):
        chosen = indexes[i].tolist()
        for j in range(n):
            colour = COLOURS[(i * n + j) % 6] if j in chosen else PALE
            cell(figure, j, m - 1 - i, f"{matrix[i, j]:g}", colour)
        for j, column in enumerate(chosen):
            cell(figure, n + 1 + j, m - 1 - i, f"{column}", "white")
            cell(figure, n + k + 2 + j, m - 1 - i, f"{matrix[i, column]:g}", COLOURS[(i * n + column) % 6])
    for x, text in (((n - 1) / 2, "m"), (n + 0.5 + k / 2, "indexes"), (n + k + 1.5 + k / 2, "m.gather(1, indexes)")):
        words(figure, x, m - 0.2, text)
    caption = say(
        zh="一行管一行：中间的数是列号，<br>右边的格子从左边同一行、同一种颜色的格子取来。",
        en="Row by row: in the middle stand column numbers; each cell on the right was taken from the cell of its colour, in the same row.",
    )
    return drawing(figure, say(zh="每行取几个", en="Some of each row"), caption, (-1, n + 2 * k + 3), (-0.8, m + 0.3))


def ruler(probs: Float[Tensor, " k"], number: float) -> go.Figure:
    """A ruler of length 1 cut into pieces, and a random number that falls on one of them."""
    figure, start = go.Figure(), 0.0
    for i, (length, end) in enumerate(zip(probs.tolist(), probs.cumsum(dim=0).tolist(), strict=True)):
        corners = {"x0": start, "x1": end, "y0": 0, "y1": 1}
        label = {"text": say(zh=f"第 {i} 类：{length:.1f}", en=f"category {i}: {length:.1f}")}
        figure.add_shape(type="rect", fillcolor=COLOURS[i], line={"width": 1}, label=label, **corners)
        words(figure, end, -0.35, f"{end:.1f}")
        start = end
    words(figure, 0, -0.35, "0")
    text = say(zh=f"随机数 {number}", en=f"random number {number}")
    figure.add_annotation(x=number, y=1, text=text, arrowhead=2, ax=0, ay=-35)
    figure.update_xaxes(visible=False, range=[-0.05, 1.05]).update_yaxes(visible=False, range=[-0.6, 2.2])
    caption = say(
        zh="段越长，落进去的机会越大。箭头越过了一个右端（0.5），所以抽中第 1 类。",
        en="The longer a piece, the likelier it is hit. The arrow has passed one right end (0.5), so the category is 1.",
    )
    return finish(figure, say(zh="切成段的尺子", en="A ruler cut in pieces"), caption, height=330, below=25)


def valley(f: Callable[[float, float], float], start: tuple[float, float], gradient: tuple[float, float]) -> go.Figure:
    """Lines of equal loss over two knobs, and where three lengths of step against the gradient at `start` lead."""
    a, b = torch.linspace(-1.6, 2.6, 85).tolist(), torch.linspace(0.4, 2.6, 45).tolist()
    z = [[f(x, y) for x in a] for y in b]
    levels = {"start": 0, "end": 100, "size": 5, "coloring": "lines", "showlabels": True}
    grey = [[0, GREY], [1, GREY]]
    figure = go.Figure(go.Contour(x=a, y=b, z=z, contours=levels, line={"width": 1}, showscale=False, colorscale=grey))
    for step, colour in ((0.1, RED), (0.05, BLUE), (0.01, ORANGE)):
        x, y = zip(start, [s - step * g for s, g in zip(start, gradient, strict=True)], strict=True)
        line, marker = {"color": colour, "width": 3}, {"size": [6, 12]}
        figure.add_scatter(x=x, y=y, mode="lines+markers", name=f"η = {step}", line=line, marker=marker)
    figure.update_xaxes(title=say(zh="旋钮 a", en="knob a"), constrain="domain")
    figure.update_yaxes(title=say(zh="旋钮 b", en="knob b"), scaleanchor="x", constrain="domain")
    caption = say(
        zh="一条灰线上损失处处相等，谷底在 3a = b 的地方。<br>三步都从 (2, 1) 逆着梯度走：一步太短，一步到底，一步到了对岸。",
        en="Along a grey line the loss is the same; the bottom is where 3a = b. All three steps go from (2, 1) against the gradient: one is too short, one reaches the bottom, one the other side.",
    )
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"})
    title = say(zh="两个旋钮的山谷", en="The valley of two knobs")
    return finish(figure, title, caption, height=490, bottom=140)


def graph(w: Sequence[float], x: Sequence[float]) -> go.Figure:
    """The graph of (w * x).sum() ** 2: values in black on the way forward, slopes in red on the way back."""
    y = [a * b for a, b in zip(w, x, strict=True)]
    total = sum(y)
    slopes = [2 * total * b for b in x]
    names = {"w": (0, 1.2, w, slopes), "x": (0, -1.2, x, None), "y = w * x": (2.2, 0, y, [2 * total] * 2)}
    names |= {"y.sum()": (4.4, 0, [total], [2 * total]), "loss": (6.6, 0, [total**2], [1])}
    figure = go.Figure()
    links = (((0, 1.2), (2.2, 0), "× " + ", ".join(f"{v:g}" for v in x)), ((0, -1.2), (2.2, 0), ""))
    links += (((2.2, 0), (4.4, 0), "× 1"), ((4.4, 0), (6.6, 0), f"× {2 * total:g}"))
    for (left, low), (right, high), link in links:
        line = {"color": GREY, "width": 2}
        figure.add_scatter(x=[left, right], y=[low, high], mode="lines", line=line, hoverinfo="skip", showlegend=False)
        words(figure, (left + right) / 2, (low + high) / 2 + 0.25 + 0.2 * (low > 0), link, RED)
    for name, (across, up, value, slope) in names.items():
        corners = {"x0": across - 0.7, "x1": across + 0.7, "y0": up - 0.42, "y1": up + 0.42}
        figure.add_shape(type="rect", fillcolor=COLOURS[0] if name == "w" else "white", line={"width": 1}, **corners)
        numbers = ", ".join(f"{v:g}" for v in value)
        words(figure, across, up, f"<b>{name}</b><br>{numbers}")
        back = say(zh="没有要求", en="not asked") if slope is None else ", ".join(f"{v:g}" for v in slope)
        words(figure, across, up - 0.6, back, GREY if slope is None else RED)
    figure.update_xaxes(visible=False, range=[-1, 7.6]).update_yaxes(visible=False, range=[-2.1, 1.9])
    caption = say(
        zh="黑色从左往右：每个结果的值。红色从右往左：损失对它的斜率，<br>每过一环乘一次。只有黄色的叶子 w 把红色的数留在 .grad 里。",
        en="Black, left to right: values. Red, right to left: the slope of the loss along each, multiplied link by link. Only the yellow leaf w keeps its red numbers, in .grad.",
    )
    return finish(figure, say(zh="计算图：去时的值，回来的斜率", en="The graph: values forward, slopes back"), caption)


def staircase(values: Float[Tensor, " n"], wanted: Bool[Tensor, " n"]) -> go.Figure:
    """Accuracy and a smooth loss of the classifier "above the threshold", over the threshold."""
    thresholds = torch.linspace(-3, 4, 281)
    scores = values - thresholds[:, None]
    accuracy = ((scores > 0) == wanted).float().mean(dim=1)
    loss = torch.nn.functional.softplus(torch.where(wanted, -scores, scores)).mean(dim=1)
    figure = go.Figure()
    for y, colour, name in (
        (accuracy, ORANGE, say(zh="准确率", en="accuracy")),
        (loss, BLUE, say(zh="一种平滑的损失", en="a smooth loss")),
    ):
        figure.add_scatter(x=thresholds.tolist(), y=y.tolist(), mode="lines", line={"color": colour}, name=name)
    figure.update_xaxes(title=say(zh="旋钮：阈值", en="the knob: the threshold"))
    figure.update_yaxes(title=say(zh="准确率，或损失", en="accuracy, or loss"))
    caption = say(
        zh="橙线是台阶，几乎处处是平的：斜率 0，不说该往哪边拧。<br>蓝线处处有斜率，指向谷底。",
        en="The orange line is a staircase, flat almost everywhere: slope 0 doesn't say which way to turn. The blue one has a slope everywhere but at its bottom.",
    )
    return finish(figure, say(zh="为什么不拿准确率当损失", en="Why accuracy is no loss"), caption)


def shares(scores: Mapping[str, Float[Tensor, " k"]]) -> go.Figure:
    """The softmax of several rows of scores, as bars side by side."""
    figure, colours = go.Figure(), (BLUE, SKY, PINK, GREEN)
    for (name, row), colour in zip(scores.items(), colours, strict=False):
        p = row.softmax(dim=0).tolist()
        figure.add_bar(x=list(range(len(p))), y=p, name=name, marker={"color": colour}, text=[f"{v:.3f}" for v in p])
    figure.update_xaxes(title=say(zh="类别", en="class"), dtick=1)
    figure.update_yaxes(title=say(zh="概率", en="probability"))
    caption = say(
        zh="加 100，柱子一根也没动；乘以 3，高的更高，矮的更矮。",
        en="Plus 100, no bar has moved; times 3, the high one is higher and the low ones are lower.",
    )
    return finish(figure, say(zh="分数变成概率", en="Scores become probabilities"), caption)


def frequencies(probs: Float[Tensor, " k"], samples: Int[Tensor, " n"]) -> go.Figure:
    """How often each category was drawn, beside how often it should be."""
    drawn = samples.bincount(minlength=len(probs)) / len(samples)
    categories = list(range(len(probs)))
    figure = go.Figure()
    figure.add_bar(x=categories, y=probs.tolist(), name=say(zh="概率", en="probability"), marker={"color": GREY})
    figure.add_bar(x=categories, y=drawn.tolist(), name=say(zh="抽到的比例", en="share drawn"), marker={"color": BLUE})
    figure.update_xaxes(title=say(zh="类别", en="category"), dtick=1)
    figure.update_yaxes(title=say(zh="比例", en="share"))
    n = len(samples)
    caption = say(zh=f"{n} 次抽样：两种柱子几乎一样高。", en=f"{n} samples: the two bars are almost equally high.")
    return finish(figure, say(zh="抽样与概率", en="Samples and probabilities"), caption)


def similarity(cosines: Callable[[Float[Tensor, "m n"]], Float[Tensor, "m m"]]) -> go.Figure:
    """The cosine similarities, by this function, of fifty handwritten digits sorted by their label."""
    from sklearn.datasets import load_digits

    pictures, labels = (torch.tensor(values[:50]) for values in load_digits(return_X_y=True))
    labels, order = labels.sort(stable=True)
    matrix = cosines(pictures[order].float())
    names = [f"{i}: {label}" for i, label in enumerate(labels.tolist())]
    scale = {"colorscale": "Cividis", "colorbar": {"title": say(zh="相似度", en="similarity")}}
    figure = go.Figure(go.Heatmap(z=matrix.tolist(), x=names, y=names, **scale))
    ticks = {"showticklabels": False, "constrain": "domain"}
    figure.update_xaxes(title=say(zh="图片（按数字排列）", en="picture (by digit)"), **ticks)
    figure.update_yaxes(
        title=say(zh="图片（按数字排列）", en="picture (by digit)"), autorange="reversed", scaleanchor="x", **ticks
    )
    caption = say(
        zh="图片从 0 到 9 排列。对角线上的亮块：同一个数字的图片最像。",
        en="The pictures go from 0s to 9s. Bright blocks on the diagonal: pictures of one digit are most alike.",
    )
    return finish(figure, say(zh="五十个手写数字的余弦相似度", en="Cosine similarity of fifty digits"), caption)


def overflow(logsumexp: Callable[..., Float[Tensor, " n"]]) -> go.Figure:
    """The log-sum-exp of (shift, shift + 1): written as it is read, and by this function."""
    shifts = torch.linspace(-200, 200, 401)
    rows = torch.stack([shifts, shifts + 1], dim=1)
    naive, stable = rows.exp().sum(dim=1).log(), logsumexp(rows, dim=1)
    finite = naive.isfinite()
    figure = go.Figure()
    line = {"color": BLUE, "width": 2}
    name = say(zh="先减去最大值", en="maximum taken out")
    figure.add_scatter(x=shifts.tolist(), y=stable.tolist(), mode="lines", line=line, name=name)
    thick = {"color": ORANGE, "width": 7}
    x, y = shifts[finite].tolist(), naive[finite].tolist()
    name = say(zh="照公式计算", en="computed as it reads")
    figure.add_scatter(x=x, y=y, mode="lines", line=thick, name=name, opacity=0.6)
    figure.update_xaxes(title=say(zh="平移 s", en="shift s"))
    figure.update_yaxes(title=say(zh="两个数 s 与 s + 1 的 logsumexp", en="logsumexp of s and s + 1"))
    caption = say(
        zh="橙线在两头断掉：那里的 exp 上溢成无穷，或下溢成零。<br>蓝线是你要写的：处处都在。",
        en="The orange line breaks off at both ends: there exp overflows, or underflows to zero. The blue one is what you will write.",
    )
    return finish(figure, say(zh="上溢与下溢", en="Overflow and underflow"), caption)


def price() -> go.Figure:
    """The cross-entropy loss over the probability that the true class was given."""
    p = torch.linspace(0.01, 1, 200)
    figure = go.Figure()
    name = say(zh="损失", en="loss")
    figure.add_scatter(x=p.tolist(), y=(-p.log()).tolist(), mode="lines", line={"color": BLUE}, name=name)
    marked = torch.tensor([0.1, 0.25, 0.625])
    texts = [f"{v:.2f}" for v in -marked.log()]
    marker = {"color": ORANGE, "size": 10}
    x, y = marked.tolist(), (-marked.log()).tolist()
    figure.add_scatter(x=x, y=y, mode="markers+text", text=texts, textposition="top right", marker=marker)
    figure.update_xaxes(title=say(zh="给正确的类的概率", en="probability given to the true class"))
    figure.update_yaxes(title=say(zh="损失 −ln p", en="loss −ln p")).update_layout(showlegend=False)
    caption = say(
        zh="概率从 1 减到 0.625，只贵一点点；越靠近 0，越陡：自信地答错，罚得最重。",
        en="From 1 down to 0.625 the price rises little; near 0 it is steep: to be sure and wrong costs most.",
    )
    return finish(figure, say(zh="猜错的代价", en="The price of a wrong guess"), caption)
