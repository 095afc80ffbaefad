"""The figures of the tensor lesson: plotly, offline, in the learner's language."""

import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish


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


def similarity(matrix: Float[Tensor, "m m"], labels: Int[Tensor, " m"]) -> go.Figure:
    """The cosine similarities of digits sorted by their label."""
    names = [f"{i}: {label}" for i, label in enumerate(labels.tolist())]
    scale = {"colorscale": "Cividis", "colorbar": {"title": say(zh="相似度", en="similarity")}}
    figure = go.Figure(go.Heatmap(z=matrix.tolist(), x=names, y=names, **scale))
    ticks = {"showticklabels": False, "constrain": "domain"}
    figure.update_xaxes(title=say(zh="图片（按数字排列）", en="picture (by digit)"), **ticks)
    figure.update_yaxes(
        title=say(zh="图片（按数字排列）", en="picture (by digit)"), autorange="reversed", scaleanchor="x", **ticks
    )
    caption = say(
        zh="对角线上的亮块：同一个数字的图片彼此最像。",
        en="Bright blocks on the diagonal: pictures of one digit are most alike.",
    )
    return finish(figure, say(zh="五十个手写数字的余弦相似度", en="Cosine similarity of fifty digits"), caption)


def overflow(shifts: Float[Tensor, " n"], stable: Float[Tensor, " n"]) -> go.Figure:
    """The log-sum-exp of (shift, shift + 1): written as it is read, and as it must be computed."""
    naive = torch.stack([shifts, shifts + 1], dim=1).exp().sum(dim=1).log()
    finite = naive.isfinite()
    figure = go.Figure()
    line = {"color": BLUE, "width": 2}
    figure.add_scatter(x=shifts.tolist(), y=stable.tolist(), mode="lines", line=line, name=say(zh="你的", en="yours"))
    thick = {"color": ORANGE, "width": 7}
    x, y = shifts[finite].tolist(), naive[finite].tolist()
    name = say(zh="直接计算", en="computed as it reads")
    figure.add_scatter(x=x, y=y, mode="lines", line=thick, name=name, opacity=0.6)
    figure.update_xaxes(title=say(zh="平移 s", en="shift s"))
    figure.update_yaxes(title=say(zh="两个数 s 与 s + 1 的 logsumexp", en="logsumexp of s and s + 1"))
    caption = say(
        zh="橙线在两头断掉：那里的 exp 上溢成无穷，或下溢成零。",
        en="The orange line breaks off at both ends: there exp overflows, or underflows to zero.",
    )
    return finish(figure, say(zh="上溢与下溢", en="Overflow and underflow"), caption)
