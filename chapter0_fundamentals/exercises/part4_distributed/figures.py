"""The figures of day 4's third lesson: plotly, offline, in the learner's language."""

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREEN, GREY, ORANGE, finish, with_slider


def moves(n: int, step: int) -> list[tuple[int, int, int]]:
    """What is sent in a step of the ring, counted from 0: from which rank, to which, which chunk."""
    return [(rank, (rank + 1) % n, (rank - step) % n) for rank in range(n)]


def ring_states(values: Sequence[Sequence[int]]) -> list[list[list[int]]]:
    """The chunks of every rank, before the first step of the ring and after each."""
    n, states = len(values), [[list(row) for row in values]]
    for step in range(2 * (n - 1)):
        before, after = states[-1], [list(row) for row in states[-1]]
        for source, target, chunk in moves(n, step):
            kept = before[target][chunk] if step < n - 1 else 0
            after[target][chunk] = before[source][chunk] + kept
        states.append(after)
    return states


def ring(values: Sequence[Sequence[int]]) -> go.Figure:
    """The ring, step by step: what each rank holds, and what it sends next."""
    n, figure, labels = len(values), go.Figure(), []
    states, totals = ring_states(values), [sum(column) for column in zip(*values, strict=True)]
    corners = [math.pi / 2 - 2 * math.pi * rank / n for rank in range(n)]
    centres = [(1.35 * math.cos(angle), 1.1 * math.sin(angle)) for angle in corners]
    for step, state in enumerate(states):
        sending = moves(n, step) if step < len(states) - 1 else []
        arrows = [_arrow(centres[source], centres[target]) for source, target, _ in sending]
        xs, ys = ([v for arrow in arrows for v in (arrow[0][i], arrow[1][i], None)] for i in (0, 1))
        figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": GREY, "width": 2}, hoverinfo="skip")
        tips = {"x": [arrow[1][0] for arrow in arrows], "y": [arrow[1][1] for arrow in arrows]}
        turned = [math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])) for a, b in arrows]
        tip = {"symbol": "triangle-up", "size": 13, "angle": turned, "color": GREY}
        figure.add_scatter(**tips, mode="markers", marker=tip, hoverinfo="skip")
        parcels = [f"<b>{state[source][chunk]}</b>" for source, _, chunk in sending]
        middle = {axis: [(a[i] + b[i]) / 2 for a, b in arrows] for i, axis in enumerate("xy")}
        white = {"size": 34, "color": "white"}
        font = {"color": "#8A5A00", "size": 15}
        figure.add_scatter(**middle, mode="markers+text", marker=white, text=parcels, textfont=font, hoverinfo="skip")
        places = [
            (centres[rank][0] + 0.36 * (chunk - (n - 1) / 2), centres[rank][1])
            for rank in range(n)
            for chunk in range(n)
        ]
        done = [state[rank][chunk] == totals[chunk] for rank in range(n) for chunk in range(n)]
        leaving = {(source, chunk) for source, _, chunk in sending}
        goes = [(rank, chunk) in leaving for rank in range(n) for chunk in range(n)]
        box = {
            "symbol": "square", "size": 38, "color": ["#CFEBDD" if d else "#F2F2F2" for d in done],
            "line": {"color": [ORANGE if g else GREY for g in goes], "width": [3 if g else 1 for g in goes]},
        }  # fmt: skip
        text = [str(state[rank][chunk]) for rank in range(n) for chunk in range(n)]
        figure.add_scatter(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            mode="markers+text",
            marker=box,
            text=text,
            hoverinfo="skip",
        )
        labels.append(str(step))
    for rank, (x, y) in enumerate(centres):
        figure.add_annotation(x=x, y=y + 0.33, text=f"rank {rank}", showarrow=False, font={"size": 13, "color": BLUE})
    figure.update_xaxes(visible=False, range=[-2.1, 2.1]).update_yaxes(visible=False, range=[-1.15, 1.65])
    figure.update_layout(showlegend=False)
    caption = say(
        zh="橙框的块正要发给右邻，箭头上是它的数；绿色的块已经加齐。<br>第 2 步之后每个 rank 正好有一块绿的，第 4 步之后全绿；每一步，每个 rank 都只发一块。",
        en="Chunks framed in orange are about to go to the right neighbour, their numbers stand on the arrows; green chunks are finished sums. After step 2 each rank has exactly one of them, after step 4 all are; in each step every rank sends one chunk only.",
    )
    title = say(zh="三个进程的环", en="A ring of three processes")
    finish(figure, title, caption, height=640, bottom=200, below=5)
    return with_slider(figure, 0, labels, say(zh="走过的步数：", en="steps taken: "), start=0)


def _arrow(a: tuple[float, float], b: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """From near `a` to near `b`."""
    along = [(1 - t) * p + t * q for t in (0.33, 0.67) for p, q in zip(a, b, strict=True)]
    return (along[0], along[1]), (along[2], along[3])


def traffic() -> go.Figure:
    """How many whole tensors the busiest process sends, by the number of processes."""
    counts, figure = list(range(2, 17)), go.Figure()
    for values, colour, name in (
        ([n - 1 for n in counts], ORANGE, say(zh="rank 0 一个一个发", en="rank 0 sends to each other one")),
        ([2 * (n - 1) / n for n in counts], BLUE, say(zh="环：每个进程", en="ring: every process")),
    ):
        figure.add_scatter(x=counts, y=values, mode="lines+markers", line={"color": colour}, name=name)
    figure.update_xaxes(title=say(zh="进程数", en="processes"))
    figure.update_yaxes(title=say(zh="发出多少个张量", en="tensors sent"), rangemode="tozero")
    figure.update_layout(legend={"x": 0.02, "y": 0.98})
    caption = say(
        zh="橙线（求和之后还要发出去的那一半）随进程数上升；蓝线始终在 2 以下。",
        en="The orange line, which is only the sending back of the sum, rises with the number of processes; the blue one stays below 2.",
    )
    return finish(figure, say(zh="最忙的进程发多少", en="What the busiest process sends"), caption)


def overlap() -> go.Figure:
    """When the layers' gradients are computed and when they are sent, with one bucket and with four."""
    figure, layers = go.Figure(), 4
    one, several = say(zh="一个桶", en="one bucket"), say(zh="四个桶", en="four buckets")
    computing, sending = say(zh="计算", en="computing"), say(zh="通信", en="sending")
    bars = [(f"{name} · {computing}", i, 1.0, BLUE, f"{layers - i}") for name in (one, several) for i in range(layers)]
    bars += [(f"{one} · {sending}", layers, 3.0, ORANGE, f"{layers}–1")]
    bars += [(f"{several} · {sending}", i + 1, 0.8, ORANGE, f"{layers - i}") for i in range(layers)]
    for row, begin, length, colour, text in bars:
        edge = {"color": "white", "width": 2}
        figure.add_bar(
            y=[row], x=[length], base=[begin], orientation="h", marker={"color": colour, "line": edge}, text=[text],
            textposition="inside", insidetextanchor="middle", hoverinfo="skip",
        )  # fmt: skip
    rows = [f"{name} · {what}" for name in (one, several) for what in (computing, sending)]
    figure.update_yaxes(categoryorder="array", categoryarray=rows[::-1])
    figure.update_xaxes(title=say(zh="时间", en="time"), range=[0, 7.3], showticklabels=False)
    figure.add_vline(x=7, line={"color": GREY, "dash": "dot"})
    figure.add_vline(x=4.8, line={"color": GREEN, "dash": "dot"})
    figure.update_layout(showlegend=False, barmode="overlay")
    caption = say(
        zh="格里是层的编号，`backward` 从第 4 层算到第 1 层。只有一个桶时，通信在计算之后（灰线处结束）；<br>四个桶时，第 4 层的梯度在算第 3 层时就在路上，最后只等一个桶（绿线）。",
        en="The numbers are layers; backward goes from layer 4 to layer 1. With one bucket the sending comes after all computing (it ends at the grey line). With four, the gradients of layer 4 travel while layer 3 is computed, and only one bucket is waited for at the end (green line).",
    ).replace("`", "")
    finish(figure, say(zh="边算边传", en="Sending while computing"), caption, width=590, height=440, bottom=140)
    return figure.update_layout(width=680, margin={"l": 165})  # room for the names of the rows


def two_runs(losses: Mapping[int, Sequence[float]]) -> go.Figure:
    """The losses of trainings with several numbers of processes."""
    figure = go.Figure()
    styles = ({"color": ORANGE, "width": 6}, {"color": BLUE, "width": 2})
    for (n, values), line in zip(losses.items(), styles, strict=True):
        name = say(zh=f"{n} 个进程", en=f"{n} process{'es' * (n > 1)}")
        figure.add_scatter(y=list(values), mode="lines", line=line, name=name)
    figure.update_xaxes(title=say(zh="步", en="step"))
    figure.update_yaxes(title=say(zh="损失", en="loss"), rangemode="tozero")
    caption = say(
        zh="蓝线整条压在橙线上：三个进程走的每一步都与一个进程相同，只差舍入误差。",
        en="The blue line lies on the orange one from end to end: three processes take the steps of one, up to rounding.",
    )
    return finish(figure, say(zh="一个进程与三个进程", en="One process and three"), caption)
