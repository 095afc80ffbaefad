"""The figure of the workshop: plotly, offline, in the learner's language."""

import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREY, finish, with_slider

PLACES = {"A": (0, 0), "B": (1, 0), "C": (2, 1), "D": (2, 0), "M": (3, 0)}
PARENTS = {"B": ["A"], "C": ["B"], "D": ["B"], "M": ["D", "C"]}
# A command, the commits there are after it, the branches, and the branch that HEAD is at
STEPS = [
    ("git commit", "AB", {"main": "B"}, "main"),
    ("git switch -c summary", "AB", {"main": "B", "summary": "B"}, "summary"),
    ("git commit", "ABC", {"main": "B", "summary": "C"}, "summary"),
    ("git switch main", "ABC", {"main": "B", "summary": "C"}, "main"),
    ("git commit", "ABCD", {"main": "D", "summary": "C"}, "main"),
    ("git merge summary", "ABCDM", {"main": "M", "summary": "C"}, "main"),
    ("git reset --hard HEAD~1", "ABCDM", {"main": "D", "summary": "C"}, "main"),
    ("git branch rescue M", "ABCDM", {"main": "D", "summary": "C", "rescue": "M"}, "main"),
]


def reached(branches: dict[str, str]) -> set[str]:
    """The commits that a branch leads to."""
    found: set[str] = set()
    todo = list(branches.values())
    while todo:
        commit = todo.pop()
        if commit not in found:
            found.add(commit)
            todo += PARENTS.get(commit, [])
    return found


def commits() -> go.Figure:
    """The graph of commits after each command, with the names that point at them."""
    figure = go.Figure()
    for _, there, branches, head in STEPS:
        lines = [(parent, child) for child in there for parent in PARENTS.get(child, [])]
        xs = [x for a, b in lines for x in (PLACES[a][0], PLACES[b][0], None)]
        ys = [y for a, b in lines for y in (PLACES[a][1], PLACES[b][1], None)]
        figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": GREY, "width": 2}, hoverinfo="skip")
        named = reached(branches)
        figure.add_scatter(
            x=[PLACES[commit][0] for commit in there],
            y=[PLACES[commit][1] for commit in there],
            mode="markers+text",
            text=list(there),
            textfont={"color": "white", "size": 15},
            marker={"size": 34, "color": [BLUE if commit in named else "#BBBBBB" for commit in there]},
            hoverinfo="skip",
        )
        figure.add_scatter(
            **labels(branches, head), mode="text", textfont={"size": 14, "color": "#9A6A00"}, hoverinfo="skip"
        )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(visible=False, range=[-0.6, 4.2])
    figure.update_yaxes(visible=False, range=[-0.9, 1.9])
    caption = say(
        zh="圆是提交，线连到父提交（在左边），橙色的字是分支的名字，* 是 HEAD 所在的分支。<br>灰色的提交还在，只是没有名字走得到它。",
        en="Circles are commits, lines lead to parents (on the left), the orange words are the branches, * marks the one that HEAD is at.<br>A grey commit is still there, but no name leads to it.",
    )
    title = say(zh="每条命令之后的提交和名字", en="Commits and names after each command")
    finish(figure, title, caption, height=470, bottom=200, below=20)
    return with_slider(figure, 0, [command for command, *_ in STEPS], "", start=0)


def labels(branches: dict[str, str], head: str) -> dict:
    """Each branch's name above its commit; several names of one commit stand on top of each other."""
    texts: dict[str, list[str]] = {}
    for name, commit in branches.items():
        texts.setdefault(commit, []).append(f"<b>{name}*</b>" if name == head else name)
    places = [PLACES[commit] for commit in texts]
    return {
        "x": [x for x, _ in places],
        "y": [y + 0.4 + 0.1 * (len(names) - 1) for (_, y), names in zip(places, texts.values(), strict=True)],
        "text": ["<br>".join(names) for names in texts.values()],
    }
