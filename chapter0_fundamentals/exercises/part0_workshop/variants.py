"""Right answers of the workshop, each written in another way; the tests accept them all."""

import pathlib

import numpy as np
import plotly.express as px
import plotly.graph_objects as go

from coach import variant
from part0_workshop import solutions

# git


@variant("history")
def in_rounds(parents, tip):
    found, newest = {tip}, {tip}
    while newest:
        newest = {parent for commit in newest for parent in parents[commit]} - found
        found |= newest
    return found


@variant("history")
def by_a_queue(parents, tip):
    row = [tip]
    seen = {tip: True}
    for commit in row:
        for parent in parents[commit]:
            if parent not in seen:
                seen[parent] = True
                row.append(parent)
    return set(row)


@variant("merge")
def by_changes(base, ours, theirs):
    names = sorted(set(base) | set(ours) | set(theirs))
    we = {name for name in names if ours.get(name) != base.get(name)}
    they = {name for name in names if theirs.get(name) != base.get(name)}
    conflicts = {name for name in we & they if ours.get(name) != theirs.get(name)}
    merged = dict(base)
    for changed, side in ((we, ours), (they, theirs)):
        for name in changed:
            if name in side:
                merged[name] = side[name]
            else:
                merged.pop(name, None)
    return {name: text for name, text in merged.items() if name not in conflicts}, conflicts


@variant("merge")
def case_by_case(base, ours, theirs):
    gone = object()
    merged, conflicts = {}, set()
    for name in base | ours | theirs:
        old, mine, other = (side.get(name, gone) for side in (base, ours, theirs))
        if mine == other or other == old:
            text = mine
        elif mine == old:
            text = other
        else:
            conflicts.add(name)
            continue
        if text is not gone:
            merged[name] = text
    return merged, conflicts


# the shell


@variant("absolute")
def part_by_part(path, cwd, home):
    if path.startswith("/"):
        here = []
    elif path == "~" or path.startswith("~/"):
        here, path = home.split("/"), path[1:]
    else:
        here = cwd.split("/")
    here = [part for part in here if part]
    for part in path.split("/"):
        if part == "..":
            here = here[:-1]
        elif part and part != ".":
            here.append(part)
    return "/" + "/".join(here)


@variant("absolute")
def by_pathlib(path, cwd, home):
    first, *rest = path.split("/")
    whole = pathlib.PurePosixPath(cwd) / (pathlib.PurePosixPath(home, *rest) if first == "~" else path)
    parts = []
    for part in whole.parts[1:]:
        if part == "..":
            parts[-1:] = []
        else:
            parts.append(part)
    return str(pathlib.PurePosixPath("/", *parts))


@variant("mode")
def in_binary(letters):
    return int("".join("0" if letter == "-" else "1" for letter in letters), 2)


@variant("mode")
def by_groups(letters):
    values = {"r": 4, "w": 2, "x": 1, "-": 0}
    owner, group, others = (sum(values[letter] for letter in letters[i : i + 3]) for i in (0, 3, 6))
    return owner * 64 + group * 8 + others


@variant("which")
def by_a_loop(command, path, programs):
    if command.count("/"):
        if command in programs:
            return command
        return None
    for folder in path.split(":"):
        if folder == "":
            continue
        if folder[-1] == "/":
            folder = folder[:-1]
        if f"{folder}/{command}" in programs:
            return f"{folder}/{command}"


# figures and apps


@variant("loss_figure")
def by_traces(losses):
    traces = [go.Scatter(x=np.arange(len(v)) + 1, y=np.array(v), name=name) for name, v in losses.items()]
    layout = go.Layout(
        title={"text": "损失"},
        xaxis={"title": {"text": "轮"}},
        yaxis={"title": {"text": "损失"}, "type": "log"},
        hovermode="x unified",
        template="plotly_white",
    )
    return go.Figure(traces, layout)


@variant("loss_figure")
def with_markers_from_one(losses):
    figure = go.Figure()
    for name, values in losses.items():
        figure.add_trace(go.Scatter(x0=1, dx=1, y=values, name=name, mode="lines+markers", line={"dash": "dot"}))
    figure.update_layout(title_text="curves", hovermode="x unified")
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title_text="loss", type="log", exponentformat="power")
    return figure


@variant("confusion_figure")
def by_express(counts, names):
    labels = {"x": "predicted", "y": "true"}
    return px.imshow(counts, x=names, y=names, text_auto=True, labels=labels, title="confusion")


@variant("confusion_figure")
def by_a_range(counts, names):
    hover = "真实：%{y}<br>预测：%{x}<br>个数：%{z:d}"
    figure = go.Figure()
    figure.add_heatmap(z=counts.tolist(), x=names, y=names, texttemplate="%{z:d}", hovertemplate=hover, showscale=False)
    figure.update_layout(title={"text": "混淆矩阵"}, xaxis={"title": {"text": "预测的类"}, "side": "top"})
    figure.update_yaxes(title_text="真实的类", range=[len(names) - 0.5, -0.5])
    return figure


@variant("confusion_figure")
def by_ticks(counts, names):
    heat = go.Heatmap(z=counts, texttemplate="<b>%{z}</b>", hovertemplate="%{y}→%{x}: %{z}", colorscale="Viridis")
    figure = go.Figure(heat, layout_title_text="Confusion")
    places = list(range(len(names)))
    figure.update_xaxes(title_text="Predicted label", tickvals=places, ticktext=names)
    return figure.update_yaxes(title_text="True label", tickvals=places, ticktext=names, autorange="reversed")


@variant("app")
def in_the_sidebar(st):
    st.title("Gradient descent")
    with st.sidebar:
        st.write("Choose how far each step goes.")
        lr = st.slider("Learning rate", min_value=0.0, max_value=1.2, value=0.1, step=0.01, help="above 1 it diverges")
    losses = solutions.descend(lr)
    left, right = st.columns(2)
    left.metric(label="final loss", value=f"{losses[-1]:.2e}", delta=None)
    right.plotly_chart(go.Figure(go.Scatter(x=list(range(21)), y=losses, mode="markers")))


@variant("app")
def in_chinese(st):
    losses = solutions.descend(lr=st.sidebar.slider("学习率 η", 0.0, 1.2, 0.1))
    st.line_chart({"loss": losses})
    st.metric("二十步之后的损失", format(losses[-1], ".2e"))
    if losses[-1] > 1:
        st.warning("diverges")


@variant("app")
def with_a_cache(st):
    @st.cache_data
    def computed(lr):
        return np.array(solutions.descend(lr))

    st.set_page_config(page_title="descent")
    tab, other = st.tabs(["curve", "number"])
    lr = st.slider("learning rate lr", 0.0, 1.2, 0.1, key="lr")
    losses = computed(lr)
    with tab:
        st.plotly_chart({"data": [{"type": "scatter", "y": losses.tolist()}]})
    with other, st.container():
        st.metric("loss", f"{losses[-1]:.2e}")


@variant("app")
def with_what_it_remembers(st):
    st.session_state.setdefault("runs", 0)
    st.session_state.runs += 1

    @st.fragment
    def page():
        box = st.empty()
        lr = st.slider(label="learning rate", min_value=0.0, max_value=1.2, value=0.1)
        losses = solutions.descend(lr, 20)
        box.metric("after 20 steps", f"{losses[20]:.2e}")
        st.plotly_chart([go.Bar(y=losses)])
        if st.button("again") or st.checkbox("twice"):
            st.rerun()

    page()
