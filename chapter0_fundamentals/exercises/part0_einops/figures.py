"""The figures of the einops lesson: plotly, offline, in the learner's language."""

from collections.abc import Callable

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, ORANGE, finish
from part0_einops.pictures import TARGETS, coloured_digits


def _image(picture: Tensor) -> go.Image:
    """A picture `c h w`, or grey as `h w`, with values from 0 to 1."""
    channels = picture.expand(3, *picture.shape) if picture.ndim == 2 else picture
    return go.Image(z=(channels.movedim(0, -1).clamp(0, 1) * 255).round().to(torch.uint8).numpy())


def _result(function: Callable, digits: Tensor) -> tuple[go.Image | None, str]:
    """The learner's picture, and a word on it: a figure must appear whatever the function does."""
    try:
        picture = function(digits)
    except NotImplementedError:
        return None, say(zh="你的：还没有写", en="yours: not written yet")
    except Exception as error:  # the verdict below the figure says more
        return None, say(zh=f"你的：{type(error).__name__}", en=f"yours: {type(error).__name__}")
    if not isinstance(picture, Tensor) or not (picture.ndim == 2 or picture.ndim == 3 and len(picture) == 3):
        kind = tuple(picture.shape) if isinstance(picture, Tensor) else type(picture).__name__
        return None, say(zh=f"你的：{kind}，不是图片", en=f"yours: {kind}, no picture")
    return _image(picture.detach()), say(zh=f"你的 {tuple(picture.shape)}", en=f"yours {tuple(picture.shape)}")


def puzzle(number: int, function: Callable) -> go.Figure:
    """The target of a puzzle and what `function` makes of the digits: side by side, or one above the other if wide."""
    digits = coloured_digits()
    target = TARGETS[number](digits)
    image, word = _result(function, digits)
    wide = target.shape[-1] > 3 * target.shape[-2]
    rows, cols = (2, 1) if wide else (1, 2)
    names = [say(zh="目标", en="target") + f" {tuple(target.shape)}", word]
    figure = make_subplots(rows, cols, subplot_titles=names, vertical_spacing=0.3)
    figure.add_trace(_image(target), 1, 1)
    blank = torch.full_like(target, 0.93)
    figure.add_trace(image or _image(blank), rows, cols)
    figure.update_xaxes(title=say(zh="列", en="column"), constrain="domain")
    figure.update_yaxes(title=say(zh="行", en="row"), constrain="domain")
    caption = say(zh="两幅图要一模一样：形状也要相同。", en="The two must be the same picture, of the same shape.")
    title = say(zh=f"谜题 {number}：目标和你的", en=f"Puzzle {number}: target and yours")
    return finish(figure, title, caption, width=680, height=480 if wide else 430)


def weeks(temps: Float[Tensor, " days"], averages: Float[Tensor, " weeks"]) -> go.Figure:
    """Daily temperatures, with the average of each week as a step."""
    figure = go.Figure()
    days, steps = list(range(1, len(temps) + 1)), averages.repeat_interleave(7).tolist()
    daily = {"mode": "lines+markers", "line": {"color": BLUE, "width": 1}, "name": say(zh="每天", en="each day")}
    weekly = {"mode": "lines", "line": {"color": ORANGE, "width": 4, "shape": "hvh"}}
    figure.add_scatter(x=days, y=temps.tolist(), **daily)
    figure.add_scatter(x=days, y=steps, name=say(zh="一周的平均", en="the week's average"), **weekly)
    figure.update_xaxes(title=say(zh="天", en="day"))
    figure.update_yaxes(title=say(zh="温度（°C）", en="temperature (°C)"))
    caption = say(
        zh="橙线每 7 天一级：它就是 temperatures_average 的结果。",
        en="The orange line has one step per 7 days: what temperatures_average returns.",
    )
    return finish(figure, say(zh="四周的温度", en="Four weeks of temperatures"), caption, width=680, height=430)


def scores(matrix: Float[Tensor, "pos src"]) -> go.Figure:
    """Attention scores of one head: a row per query, a column per key."""
    figure = go.Figure(
        go.Heatmap(z=matrix.tolist(), colorscale="Cividis", colorbar={"title": say(zh="分数", en="score")})
    )
    figure.update_xaxes(title=say(zh="键的位置 src", en="key's position src"))
    figure.update_yaxes(title=say(zh="查询的位置 pos", en="query's position pos"), autorange="reversed")
    caption = say(
        zh="这里的查询就是错开一位的键，所以最亮的格子排成一条斜线。",
        en="Here each query is the key one step before, so the brightest cells form a slanted line.",
    )
    return finish(
        figure, say(zh="一个头的注意力分数", en="Attention scores of one head"), caption, width=680, height=480
    )
