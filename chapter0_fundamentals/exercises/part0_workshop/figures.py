"""The figures of the workshop: plotly, offline, in the learner's language."""

from collections.abc import Sequence

import plotly.graph_objects as go

from coach import say
from coach.figures import BLUE, GREY, finish, with_slider

# A command, the commits there are after it, the branches, and the branch that HEAD is at
Step = tuple[str, Sequence[str], dict[str, str], str]

PLACES = {"A": (0, 0), "B": (1, 0), "C": (2, 1), "D": (2, 0), "M": (3, 0)}
PARENTS = {"B": ["A"], "C": ["B"], "D": ["B"], "M": ["D", "C"]}
STEPS: list[Step] = [
    ("git commit", "AB", {"main": "B"}, "main"),
    ("git switch -c summary", "AB", {"main": "B", "summary": "B"}, "summary"),
    ("git commit", "ABC", {"main": "B", "summary": "C"}, "summary"),
    ("git switch main", "ABC", {"main": "B", "summary": "C"}, "main"),
    ("git commit", "ABCD", {"main": "D", "summary": "C"}, "main"),
    ("git merge summary", "ABCDM", {"main": "M", "summary": "C"}, "main"),
    ("git reset --hard HEAD~1", "ABCDM", {"main": "D", "summary": "C"}, "main"),
    ("git branch rescue M", "ABCDM", {"main": "D", "summary": "C", "rescue": "M"}, "main"),
]
REBASED_PLACES = {"A": (0, 0), "C": (1, 0), "D": (1, 1), "D′": (2, 0)}
REBASED_PARENTS = {"C": ["A"], "D": ["A"], "D′": ["C"]}
REBASED: list[Step] = [
    ("git switch summary", "ACD", {"main": "C", "summary": "D"}, "summary"),
    ("git rebase main", ("A", "C", "D", "D′"), {"main": "C", "summary": "D′"}, "summary"),
    ("git switch main", ("A", "C", "D", "D′"), {"main": "C", "summary": "D′"}, "main"),
    ("git merge summary", ("A", "C", "D", "D′"), {"main": "D′", "summary": "D′"}, "main"),
]


def commits() -> go.Figure:
    """The graph of commits after each command of a story with a merge."""
    return told(STEPS, PLACES, PARENTS)


def rebased() -> go.Figure:
    """The graph of commits after each command of a story with a rebase."""
    return told(REBASED, REBASED_PLACES, REBASED_PARENTS)


def reached(branches: dict[str, str], parents: dict[str, list[str]]) -> set[str]:
    """The commits that a branch leads to."""
    found: set[str] = set()
    todo = list(branches.values())
    while todo:
        commit = todo.pop()
        if commit not in found:
            found.add(commit)
            todo += parents.get(commit, [])
    return found


def told(steps: list[Step], places: dict[str, tuple[int, int]], parents: dict[str, list[str]]) -> go.Figure:
    """The graph of commits after each command, with the names that point at them."""
    figure = go.Figure()
    for _, there, branches, head in steps:
        lines = [(parent, child) for child in there for parent in parents.get(child, [])]
        xs = [x for a, b in lines for x in (places[a][0], places[b][0], None)]
        ys = [y for a, b in lines for y in (places[a][1], places[b][1], None)]
        figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": GREY, "width": 2}, hoverinfo="skip")
        named = reached(branches, parents)
        figure.add_scatter(
            x=[places[commit][0] for commit in there],
            y=[places[commit][1] for commit in there],
            mode="markers+text",
            text=list(there),
            textfont={"color": "white", "size": 15},
            marker={"size": 34, "color": [BLUE if commit in named else "#BBBBBB" for commit in there]},
            hoverinfo="skip",
        )
        figure.add_scatter(
            **labels(branches, head, places), mode="text", textfont={"size": 14, "color": "#9A6A00"}, hoverinfo="skip"
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
    return with_slider(figure, 0, [command for command, *_ in steps], "", start=0)


def labels(branches: dict[str, str], head: str, places: dict[str, tuple[int, int]]) -> dict:
    """Each branch's name above its commit; several names of one commit stand on top of each other."""
    texts: dict[str, list[str]] = {}
    for name, commit in branches.items():
        texts.setdefault(commit, []).append(f"<b>{name}*</b>" if name == head else name)
    at = [places[commit] for commit in texts]
    return {
        "x": [x for x, _ in at],
        "y": [y + 0.4 + 0.1 * (len(names) - 1) for (_, y), names in zip(at, texts.values(), strict=True)],
        "text": ["<br>".join(names) for names in texts.values()],
    }


# What stands in .git after two commits: kind and content, its place, and whether the second commit brought it
OBJECTS = {
    "One": ("commit<br>One", (0, 1), False),
    "Two": ("commit<br>Two", (0, 0), True),
    "root1": ("tree<br>a90adf8", (1, 1), False),
    "root2": ("tree<br>6c697a0", (1, 0), True),
    "notes": ("tree<br>c88e5aa", (2, 0.5), False),
    "0.9": ("blob 2c1622a<br>loss 0.9", (3, 1), False),
    "0.5": ("blob 3df82a8<br>loss 0.5", (3, 0), True),
}
# From one to the other, with the name that is written there
ARROWS = [
    ("Two", "One", "parent"),
    ("One", "root1", ""),
    ("Two", "root2", ""),
    ("root1", "0.9", "log.txt"),
    ("root1", "notes", "notes"),
    ("root2", "notes", "notes"),
    ("root2", "0.5", "log.txt"),
    ("notes", "0.9", "copy.txt"),
]


def objects() -> go.Figure:
    """Commits, trees and blobs of two commits, and which of them share what."""
    figure = go.Figure()
    for start, end, name in ARROWS:
        (_, (x0, y0), _), (_, (x1, y1), _) = OBJECTS[start], OBJECTS[end]
        length = ((x1 - x0) ** 2 + (2 * (y1 - y0)) ** 2) ** 0.5
        gap = (0.42 if start == "notes" else 0.32) / length  # where the box begins
        x, y = x1 - gap * (x1 - x0), y1 - gap * (y1 - y0)
        figure.add_annotation(
            x=x, y=y, ax=x0, ay=y0, xref="x", yref="y", axref="x", ayref="y", arrowhead=2, arrowwidth=1.5,
            arrowcolor=GREY, text="",
        )  # fmt: skip
        if name:
            figure.add_annotation(x=(x0 + x1) / 2, y=(y0 + y1) / 2, text=name, showarrow=False, bgcolor="white")
    for text, (x, y), new in OBJECTS.values():
        figure.add_annotation(
            x=x,
            y=y,
            text=text,
            showarrow=False,
            bgcolor=BLUE if new else "#666666",
            borderpad=6,
            font={"color": "white"},
        )
    figure.update_xaxes(visible=False, range=[-0.5, 3.6])
    figure.update_yaxes(visible=False, range=[-0.4, 1.4])
    caption = say(
        zh="箭头是“写着它的哈希”。蓝色的三个是第二个提交带来的，别的都共用。",
        en="An arrow means: its hash is written there. The three in blue came with the second commit; the rest is shared.",
    )
    title = say(zh="两个提交之后，.git 里的七个对象", en="The seven objects in .git after two commits")
    return finish(figure, title, caption, width=700, height=400)
