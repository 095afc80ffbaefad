"""The figures of the last lesson: plotly, offline, in the learner's language."""

from collections.abc import Sequence

import plotly.graph_objects as go
from jaxtyping import Float
from torch import Tensor

from coach import say
from coach.figures import BLUE, GREY, ORANGE, finish


def induction(both: Sequence[float], ablated: Sequence[float], half: int) -> go.Figure:
    """The loss at each position, with both heads and without the first."""
    figure, places = go.Figure(), list(range(1, len(both) + 1))
    for losses, colour, dash, zh, en in (
        (ablated, ORANGE, "dash", "去掉第一个头", "first head ablated"),
        (both, BLUE, "solid", "两个头", "both heads"),
    ):
        line = {"color": colour, "width": 3, "dash": dash}
        figure.add_scatter(x=places, y=list(losses), mode="lines+markers", line=line, name=say(zh=zh, en=en))
    again = say(zh="从这里起重复", en="repeated from here on")
    figure.add_vline(x=half + 0.5, line={"color": GREY, "dash": "dot"}, annotation_text=again)
    figure.update_xaxes(title=say(zh="被猜的词元的位置", en="position of the token that is guessed"))
    figure.update_yaxes(title=say(zh="损失（奈特）", en="loss (nats)"), rangemode="tozero")
    caption = say(
        zh="竖线之前两条线一样高：没见过的猜不到。竖线之后第一个词元还猜不到：它前面是上一半的最后一个，那一个还没有重复过；再往后，蓝线几乎落到 0，橙线不动。",
        en="Before the dotted line both are the same: what was never seen can't be guessed. The first token after it can't either, since the one before it hasn't been repeated yet; from then on blue is close to 0, and orange stays.",
    )
    return finish(figure, say(zh="见过一次就会", en="Seen once, known"), caption, width=700, bottom=125)


def bandit(plain: Sequence[Sequence[float]], with_baseline: Sequence[Sequence[float]]) -> go.Figure:
    """The probability of the best arm over the steps, for several seeds."""
    figure = go.Figure()
    for runs, colour, dash, zh, en in (
        (plain, ORANGE, "dash", "没有基线", "without baseline"),
        (with_baseline, BLUE, "solid", "有基线", "with baseline"),
    ):
        for i, run in enumerate(runs):
            line = {"color": colour, "width": 2, "dash": dash}
            figure.add_scatter(y=list(run), mode="lines", line=line, name=say(zh=zh, en=en), showlegend=i == 0)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="最好的手臂的概率", en="probability of the best arm"), range=[0, 1.02])
    caption = say(
        zh="每条线是一个种子。蓝线都稳稳升上去；橙线乱跳，少数也升上去，多数落到 0 附近，此后几乎不再拉最好的手臂。",
        en="Each line is a seed. All blue lines rise steadily; the orange ones jump about: few rise as well; most fall to near 0, and from then on the best arm is hardly ever pulled.",
    )
    return finish(figure, say(zh="基线值多少", en="What a baseline is worth"), caption, width=680, bottom=110)


def grid(values: Float[Tensor, "size size"], policy: Float[Tensor, "state 4"]) -> go.Figure:
    """The value of each cell, with arrows where the greedy policy goes."""
    size = len(values)
    arrows = [" ".join(sign for sign, share in zip("↑↓←→", row, strict=True) if share > 0) for row in policy.tolist()]
    arrows[0] = arrows[-1] = say(zh="出口", en="exit")
    rounded = [f"{value:.0f}".replace("-", "−") for value in values.flatten().tolist()]
    text = [[f"{rounded[i * size + j]}<br>{arrows[i * size + j]}" for j in range(size)] for i in range(size)]
    shades = {"colorscale": [[0, "#9ec9e6"], [1, "#f7f7f7"]], "showscale": False, "xgap": 2, "ygap": 2}
    figure = go.Figure(go.Heatmap(z=values.tolist(), text=text, texttemplate="%{text}", hoverinfo="skip", **shades))
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x")
    caption = say(
        zh="数字是随机策略的价值；箭头指向价值最高的邻居。照箭头走，每个格子都走最短的路，尽管数字来自一个乱走的策略。",
        en="The numbers are the values of the random policy; the arrows point to the best neighbours. Following them is the shortest way out from every cell, though the numbers come from a policy that wanders.",
    )
    return finish(
        figure, say(zh="16 个方程的解", en="The solution of 16 equations"), caption, width=560, bottom=110, below=20
    )


def probe(scores: Sequence[float], lost: Sequence[float]) -> go.Figure:
    """Each channel: what a probe reads from it, and what is lost without it."""
    figure = go.Figure()
    clear = sorted(range(len(scores)), key=lambda i: max(scores[i] / max(scores), lost[i] / max(max(lost), 1e-6)))[-7:]
    numbers = [str(i) if i in clear else "" for i in range(len(scores))]
    marker = {"color": BLUE, "size": 9}
    figure.add_scatter(
        x=list(scores), y=list(lost), mode="markers+text", marker=marker, text=numbers, textposition="top center"
    )
    figure.update_xaxes(title=say(zh="通道的分数（相差几个标准差）", en="the channel's score (standard deviations)"))
    figure.update_yaxes(
        title=say(zh="关掉它，3 的对数概率降多少（奈特）", en="fall in the log-probability of 3 without it (nats)")
    )
    caption = say(
        zh="一个点是一个通道，突出的几个标了编号。越靠右，越读得出 3；越靠上，网络认 3 时越用得着它。靠右的几个大多也在上面；左边有几个读不出什么，网络却用着。0 以下的通道在替别的数字说话：关掉它，3 反而更可能。",
        en="Each point is a channel; those that stand out have their numbers. Further right, 3 can be read better; further up, the network relies on it more. Those on the right are mostly at the top as well; some on the left tell a probe little, and yet are used. Channels below 0 speak for other digits: without them a 3 becomes likelier.",
    )
    return finish(figure, say(zh="相关与因果", en="Correlation and cause"), caption, width=640, bottom=140)


def learning(losses: Sequence[float], bound: float, bigram: float) -> go.Figure:
    """The loss in training, between the bigram model's and the least possible."""
    figure = go.Figure()
    line = {"color": BLUE, "width": 2}
    figure.add_scatter(y=list(losses), mode="lines", line=line, name=say(zh="Transformer", en="transformer"))
    for height, colour, zh, en in (
        (bigram, ORANGE, "二元语法模型", "bigram model"),
        (bound, GREY, "下限", "least possible"),
    ):
        ends = {"x": [0, len(losses) - 1], "y": [height, height]}
        style = {"color": colour, "width": 2, "dash": "dash"}
        figure.add_scatter(**ends, mode="lines", line=style, name=f"{say(zh=zh, en=en)} {height:.2f}")
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失（奈特）", en="loss (nats)"), rangemode="tozero")
    caption = say(
        zh="先学会哪些字符常见，很快穿过橙线，再学会拼写和句式；到灰线还剩的那一点，有一部分在第三句里：要回头查的东西。",
        en="First it learns which characters are frequent, soon it passes the orange line, then come spelling and sentences; part of what is left above the grey line is in the third sentence, where one has to look back.",
    )
    return finish(figure, say(zh="一分钟的训练", en="A minute of training"), caption, width=680, bottom=110)
