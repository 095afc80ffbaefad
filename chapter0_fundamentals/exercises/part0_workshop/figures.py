"""The figures of the lesson: plotly, offline, in the learner's language."""

import plotly.graph_objects as go
from jaxtyping import Float
from torch import Tensor

from coach import say
from coach.figures import BLUE, finish


def bars(means: Float[Tensor, " rows"]) -> go.Figure:
    """A bar for each row's mean."""
    figure = go.Figure(go.Bar(x=list(range(len(means))), y=means.tolist(), marker={"color": BLUE}))
    figure.update_xaxes(title=say(zh="行", en="row"), dtick=1)
    figure.update_yaxes(title=say(zh="均值", en="mean"))
    caption = say(zh="第二行的均值高出一倍多。", en="The second row's mean is more than twice as high.")
    return finish(figure, say(zh="每行的均值", en="The mean of each row"), caption)
