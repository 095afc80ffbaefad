"""What the lesson says of the debugger and of the editor's keys is so."""

import json
import os
import shutil
import subprocess
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import pytest
from part0_debugging import keys, solutions

from .checkout import Copy, copy_to
from .dap import Debugger, Stop, line_of
from .test_debugger import pytestmark as _slow_with_debugpy
from .test_real_editor import HERE, MODULES, chromium, node, vscode
from .vscode import REPOSITORY, Window

pytestmark = pytest.mark.slow
needs_debugpy = _slow_with_debugpy[1]

# The exercise, the line that its text names, how often it is reached before the bug shows, and the watches: what each
# says while the bug is there, and once it is mended.
BUGS = {
    "standardise": ("return (x - mean) / std", 1, {"mean.shape": ("(20, 1)", "(1, 2)"), "float(mean[0, 0])": ("43.0", "71.25")}),
    "minibatches": ("return [(x[i : i + size]", 1, {"list(starts)": ("[0, 8]", "[0, 8, 16]")}),
    "train": ("w = w - lr", 2, {"float(error[0])": ("-978.0", "-884.9"), "float((x @ w + b - y)[0])": ("-884.9", "-884.9")}),
}  # fmt: skip


@pytest.fixture
def begun(copy: Copy) -> Copy:
    """The copy with an untouched file of the lesson."""
    lesson = copy.lesson_named("part0_debugging")
    lesson.answers.write_text(lesson.view("en"), encoding="utf-8", newline="\n")
    return copy


def mended(copy: Copy) -> None:
    """The learner's functions as the lesson mends them, under the exercises' own names."""
    lesson = copy.lesson_named("part0_debugging")
    text = lesson.answers.read_text(encoding="utf-8")
    for old, new in (
        ("axis=1, keepdims", "axis=0, keepdims"),
        ("range(0, len(x) - size, size)", "range(0, len(x), size)"),
        ("error = errors[i]", "error = x @ w + b - y"),
    ):
        assert old in text
        text = text.replace(old, new)
    lesson.answers.write_text(text, encoding="utf-8", newline="\n")


def rounded(value: str) -> str:
    """A number as the text has it; anything else as it is."""
    return str(round(float(value), 1)) if value.lstrip("-").replace(".", "").isdigit() and len(value) > 6 else value


def stops_at(vscode: Debugger, times: int) -> Stop:
    stop = vscode.stop()
    for _ in range(times - 1):
        stop.go_on()
        stop = vscode.stop()
    return stop


@needs_debugpy
@pytest.mark.parametrize(
    "label", ["This script", pytest.param("Check the exercise at the cursor", marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("exercise", BUGS)
@pytest.mark.parametrize("repaired", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_each_bug_is_seen_at_the_line_that_the_text_names(begun, exercise, label, repaired):
    if repaired:
        mended(begun)
    answers = begun.lesson_named("part0_debugging").answers
    text, times, watches = BUGS[exercise]
    definition = line_of(answers, f"def {exercise}(")
    line = next(
        n for n in range(definition, definition + 20) if text in answers.read_text(encoding="utf-8").split("\n")[n - 1]
    )
    window = Window(begun.root, answers, definition)
    with Debugger(begun.environment() | {"PLOTLY_RENDERER": "json"}) as debugger:
        debugger.start(window.configuration(label), {answers: [line]})
        stop = stops_at(debugger, times)
        assert stop.place == (answers, line)
        seen = {watch: rounded(stop.evaluate(watch)) for watch in watches}
        assert seen == {watch: told[repaired] for watch, told in watches.items()}


@needs_debugpy
def test_the_call_stack_says_who_called(begun):
    answers = begun.lesson_named("part0_debugging").answers
    line = line_of(answers, "return (x - mean) / std")
    with Debugger(begun.environment() | {"PLOTLY_RENDERER": "json"}) as debugger:
        debugger.start(Window(begun.root, answers).configuration("This script"), {answers: [line]})
        stop = debugger.stop()
        frames = debugger.request(stop.session, "stackTrace", threadId=stop.thread)["stackFrames"]
        assert [frame["name"] for frame in frames[:2]] == ["standardise", "<module>"]


@needs_debugpy
def test_two_calls_on_one_line_are_stepped_through_as_the_text_says(begun):
    script = begun.root / "nested.py"
    script.write_text(textwrap.dedent(solutions.NESTED).lstrip(), encoding="utf-8")
    line = line_of(script, "y = f(g(2))")
    with Debugger(begun.environment()) as debugger:
        debugger.start(Window(begun.root, script).configuration("This script"), {script: [line]})
        stop, places = debugger.stop(), []
        for key in ("stepIn", "stepOut", "stepIn", "stepOut", "next"):
            debugger.request(stop.session, key, threadId=stop.thread)
            stop = debugger.stop(stop.session)
            places.append((stop.frame["name"], stop.frame["line"]))
    assert places == [("g", 2), ("<module>", line), ("f", 5), ("<module>", line), ("<module>", line + 1)]


def test_the_debuggers_text_names_those_lines_and_values():
    """The proof above and the lesson say the same."""
    text = (REPOSITORY / "chapter0_fundamentals/exercises/part0_debugging/solutions.py").read_text(encoding="utf-8")
    for word in (
        "`(20, 1)`",
        "`(1, 2)`",
        "`[0, 8]`",
        "a difference of 93.1",
        "差了 93.1",
        "-978.0",
        "-884.9",
        "`mean.shape`",
        "`list(starts)`",
    ):
        assert word in text


# How a browser names itself on each system: VS Code takes its keys from that.
AGENTS = {
    "Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Linux": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "macOS": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
}
SIGNS = {"⇧": "shift+", "⌥": "alt+", "⌘": "cmd+", "⌃": "ctrl+"}


def as_written_by_vscode(key: str) -> str:
    """`⇧⌘P` and `Ctrl+Shift+P` as keybindings.json has them, with the modifiers in its order."""
    for sign, word in SIGNS.items():
        key = key.replace(sign, word)
    *modifiers, last = key.lower().replace("alt+-", "alt+minus").split("+")
    order = [name for name in ("ctrl", "shift", "alt", "cmd") if name in modifiers]
    return "+".join([*order, last.replace("minus", "-")])


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, set[str]]]:
    """For each system the keys of each command, by "Open Default Keyboard Shortcuts (JSON)" of the running editor."""
    if not (MODULES / "code-server").is_dir():
        pytest.skip("needs code-server, which .ci/editor installs where there is npm")
    found: dict[str, Any] = {}
    for system, agent in AGENTS.items():
        copy = Copy(copy_to(tmp_path_factory.mktemp("keys") / "workspace"))
        home = Path(tempfile.mkdtemp(prefix="vscode-"))
        try:
            with vscode(copy, home) as proof:
                env = {"PROOF_CHROMIUM": chromium(), "PROOF_SHOTS": str(home), "PROOF_AGENT": agent}
                done = subprocess.run(
                    [node(), HERE / "keys.mjs"], env={**os.environ, **proof, **env}, capture_output=True, encoding="utf-8",
                    timeout=300, check=True,
                )  # fmt: skip
            seen = json.loads(done.stdout)
            assert "error" not in seen, seen
            bindings: dict[str, set[str]] = {}
            for one in seen["bindings"]:
                bindings.setdefault(one["command"], set()).add(one["key"])
            found[system] = bindings
        finally:
            shutil.rmtree(home, ignore_errors=True)
    return found


@pytest.mark.thorough
def test_the_keys_are_the_editors_own(defaults):
    wrong = []
    for command, _, what, *told in keys.KEYS:
        for system, key in zip(keys.SYSTEMS, told, strict=True):
            if as_written_by_vscode(key) not in defaults[system].get(command, set()):
                wrong.append((what, system, key, defaults[system].get(command)))
    assert not wrong
    assert len(keys.KEYS) > 15
