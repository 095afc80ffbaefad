"""A stand-in for Streamlit: what an app asks of `st` is noted, and the slider stands where the test puts it.

Whoever has Streamlit (`pip install "streamlit>=1.40,<2"`) is judged by the real one's own harness as well.
"""

import importlib.util
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go


class State(dict):
    """What an app remembers: `st.session_state["n"]` and `st.session_state.n` are the same."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class Page:
    """One run of an app, from its top to its bottom, as after each touch of the slider."""

    def __init__(self, value: float | None = None, noted: dict[str, list] | None = None) -> None:
        self._value = value
        self.noted: dict[str, list] = noted if noted is not None else {"slider": [], "metric": [], "chart": []}
        self.session_state = State()

    @property
    def sidebar(self) -> "Page":
        return Page(self._value, self.noted)

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def slider(
        self,
        label: str,
        min_value: Any = None,
        max_value: Any = None,
        value: Any = None,
        step: Any = None,
        *args: Any,
        **more: Any,
    ) -> Any:
        start = min_value if value is None else value
        self.noted["slider"].append((label, min_value, max_value, start))
        return start if self._value is None else self._value

    def metric(self, label: str, value: Any, *args: Any, **more: Any) -> None:
        self.noted["metric"].append((label, value))

    def plotly_chart(self, figure_or_data: Any, *args: Any, **more: Any) -> None:
        figure: Any = go.Figure(figure_or_data)  # a figure, a dictionary, a list of traces
        self.noted["chart"].append([list(trace.y) for trace in figure.data])

    def line_chart(self, data: Any = None, *args: Any, **more: Any) -> None:
        if hasattr(data, "to_numpy"):  # of pandas, which Streamlit brings
            data = data.to_numpy().ravel()
        self.noted["chart"].append([list(data.values())[0] if isinstance(data, dict) else list(data)])

    def columns(self, spec: Any, *args: Any, **more: Any) -> list["Page"]:
        return [self.sidebar for _ in range(spec if isinstance(spec, int) else len(spec))]

    tabs = columns

    def cache_data(self, function: Callable | None = None, **more: Any) -> Any:
        return function or (lambda inner: inner)

    cache_resource = fragment = cache_data

    def button(self, *args: Any, **more: Any) -> bool:
        """Nobody presses it."""
        return False

    checkbox = toggle = button

    def __getattr__(self, name: str) -> Any:
        """Whatever else there is (`title`, `write`, `container` …) shows something, and can be entered."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **more: self.sidebar


def installed() -> bool:
    return importlib.util.find_spec("streamlit") is not None


def _script(app) -> None:  # Streamlit runs its text by itself, so it names nothing of this file
    import streamlit as st  # type: ignore

    app(st)


def real(app: Callable, value: float | None = None) -> dict[str, list]:
    """What the real Streamlit shows, in its own test harness, of sliders and metrics."""
    from streamlit.testing.v1 import AppTest  # type: ignore

    shown = AppTest.from_function(_script, args=(app,)).run(timeout=20)
    if value is not None and not shown.exception:
        shown.slider[0].set_value(value).run(timeout=20)
    if shown.exception:
        raise RuntimeError(shown.exception[0].message)
    return {
        "slider": [(one.label, one.min, one.max, one.value) for one in shown.slider],
        "metric": [(one.label, one.value) for one in shown.metric],
    }
