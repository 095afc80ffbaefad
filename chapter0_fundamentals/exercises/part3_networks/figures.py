"""The figures of day 3's second lesson: plotly, offline, in the learner's language."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, finish


def best_step(
    steps: Sequence[float], central: Sequence[float], one_sided: Sequence[float], single: Sequence[float]
) -> go.Figure:
    """The error of difference quotients for each step, on logarithmic scales."""
    figure = go.Figure()
    for errors, colour, dash, zh, en in (
        (central, BLUE, "solid", "两边，float64", "both sides, float64"),
        (one_sided, GREEN, "dash", "一边，float64", "one side, float64"),
        (single, ORANGE, "solid", "两边，float32", "both sides, float32"),
    ):
        shown = [max(error, 1e-13) for error in errors]  # an error of exactly 0 has no place on this scale
        line = {"color": colour, "width": 3, "dash": dash}
        figure.add_scatter(x=list(steps), y=shown, mode="lines", line=line, name=say(zh=zh, en=en))
    figure.update_xaxes(title=say(zh="步长 h", en="step h"), type="log", exponentformat="power", dtick=2)
    figure.update_yaxes(title=say(zh="误差", en="error"), type="log", exponentformat="power", dtick=2)
    caption = say(
        zh="每条线都是 V 形：右边 h 太大，曲线不够直；左边 h 太小，舍入被放大，线也变得毛糙。蓝线的谷底在 10 的 −5 次方附近，橙线的谷底在 10 的 −2 次方附近，而且浅得多。",
        en="Each line is a V: on the right h is too large, and the curve isn't straight; on the left it is too small, rounding is magnified, and the line is ragged. The lowest point of blue is near 10 to the −5, that of orange near 10 to the −2, and far less deep.",
    )
    title = say(zh="exp 在 1 处的差商差多少", en="How far the quotient of exp at 1 is off")
    return finish(figure, title, caption, width=680, bottom=120)


def training(losses: Sequence[float]) -> go.Figure:
    """The loss of each step, and its mean over the steps around it."""
    figure, around = go.Figure(), 15
    mean = [sum(losses[i : i + around]) / around for i in range(len(losses) - around + 1)]
    each, smooth = say(zh="每一步", en="each step"), say(zh=f"{around} 步的平均", en=f"mean of {around} steps")
    figure.add_scatter(y=list(losses), mode="lines", line={"color": GREY, "width": 1}, name=each)
    middle = [i + around // 2 for i in range(len(mean))]
    figure.add_scatter(x=middle, y=mean, mode="lines", line={"color": BLUE, "width": 3}, name=smooth)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失", en="loss"), rangemode="tozero")
    caption = say(
        zh="从 ln 10 ≈ 2.3 附近开始，先快后慢。灰线的抖动来自批次：每一步只看 32 个样本。",
        en="It begins near ln 10 ≈ 2.3, and falls fast, then slowly. The grey line is noisy because each step sees 32 examples only.",
    )
    return finish(figure, say(zh="用自己的引擎训练", en="Your engine in training"), caption)


def slowdown(paths: Mapping[tuple[str, float], Sequence[float]]) -> go.Figure:
    """The output of a unit over the steps, for each loss and start; the target is 0."""
    figure = go.Figure()
    names = {"quadratic": say(zh="平方损失", en="quadratic"), "cross-entropy": say(zh="交叉熵", en="cross-entropy")}
    for (cost, _), path in paths.items():
        colour = ORANGE if cost == "quadratic" else BLUE
        dash = "solid" if path[0] > 0.9 else "dash"
        name = f"{names[cost]}{say(zh='，从', en=' from')} {path[0]:.2f}"
        figure.add_scatter(y=list(path), mode="lines", line={"color": colour, "width": 3, "dash": dash}, name=name)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="输出 a（目标是 0）", en="output a (its target is 0)"), range=[0, 1])
    caption = say(
        zh="橙色实线从 0.98 出发，先平着走了一百多步：单元饱和了。蓝色实线从同一处出发，几步之内就降了下来，50 步时已经贴近蓝色虚线。",
        en="The solid orange line begins at 0.98 and stays flat for more than a hundred steps: the unit is saturated. The solid blue line begins at the same place, falls within a few steps, and by step 50 is close to the dashed blue one.",
    )
    title = say(zh="同样的单元，两种损失", en="The same unit, two losses")
    return finish(figure, title, caption, width=700, bottom=110)


def bigram(losses: Sequence[float], entropy: float, guess: float) -> go.Figure:
    """The loss in training between that of not knowing and the conditional entropy."""
    figure = go.Figure()
    name = say(zh="损失", en="loss")
    figure.add_scatter(y=list(losses), mode="lines", line={"color": BLUE, "width": 3}, name=name)
    for height, colour, words in (
        (guess, GREY, say(zh=f"什么也不知道：ln |V| = {guess:.2f}", en=f"knowing nothing: ln |V| = {guess:.2f}")),
        (entropy, ORANGE, say(zh=f"条件熵：H = {entropy:.2f}", en=f"conditional entropy: H = {entropy:.2f}")),
    ):
        ends = [0, len(losses) - 1]
        line = {"color": colour, "width": 2, "dash": "dash"}
        figure.add_scatter(x=ends, y=[height] * 2, mode="lines", line=line, name=words)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失（奈特）", en="loss (nats)"), range=[0, guess * 1.08])
    caption = say(
        zh="损失从灰线出发，贴近橙线，却不会穿过它：只看前一个字符，在这篇文本上没有更好的猜法。",
        en="The loss starts on the grey line and comes close to the orange one, but never goes below it: with one character to look at, there is no better guess on this text.",
    )
    return finish(figure, say(zh="在两个已知的数之间", en="Between two known numbers"), caption, width=700, bottom=110)
