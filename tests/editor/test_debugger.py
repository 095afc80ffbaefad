"""The debugger: what F5 does, from the real launch.json through debugpy's adapter to a stop with a tensor in sight."""

import importlib.util
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from coach.course.workspace import Workspace

from .checkout import Copy
from .dap import Debugger, line_of
from .vscode import REPOSITORY, Window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not importlib.util.find_spec("debugpy"), reason="needs debugpy: pip install -r requirements.txt"
    ),
]
RIGHT = """\
rays = torch.zeros(num_pixels, 2, 3)
    rays[:, 1, 0] = 1
    rays[:, 1, 1] = torch.linspace(-y_limit, y_limit, num_pixels)
    return rays"""


@pytest.fixture
def solved(copy: Copy) -> Copy:
    """A learner's file whose first exercise is right."""
    copy.answer("make_rays_1d", RIGHT)
    return copy


def debugger(copy: Copy) -> Debugger:
    return Debugger(copy.environment())


def here(copy: Copy, file: Path) -> Window:
    """With the cursor in the first exercise, where the file has it."""
    line = line_of(file, "def make_rays_1d") if file == copy.answers else 1
    return Window(copy.root, file, line)


def test_this_script_stops_in_a_lesson_with_a_tensor_in_sight(solved):
    """Over Remote-SSH it is the same: nothing in the configuration names this machine."""
    line = line_of(solved.answers, "rays[:, 1, 0] = 1")
    with debugger(solved) as vscode:
        vscode.start(here(solved, solved.answers).configuration("This script"), {solved.answers: [line]})
        stop = vscode.stop()
        assert (stop.reason, stop.place) == ("breakpoint", (solved.answers, line))
        assert stop.locals()["rays"] == "Tensor"
        assert stop.evaluate(f"tuple(rays.shape) == ({stop.evaluate('num_pixels')}, 2, 3)") == "True"
        assert Path(eval(stop.evaluate("__import__('os').getcwd()"))) == solved.answers.parent
        after = stop.step()
        assert (after.reason, after.place[1]) == ("step", line + 1)
        vscode.request(vscode.sessions[0], "setBreakpoints", source={"path": str(solved.answers)}, breakpoints=[])
        after.go_on()
        code = vscode.finish()
        assert "✓ make_rays_1d" in vscode.printed()
        assert code in (0, 1)  # 1 where a stub further down was called and not written


# Those that compile or start processes; with EDITOR_PROOFS=every each lesson is run, which takes half an hour.
RISKY = {"part1_rendering", "part4_distributed"}


@pytest.mark.thorough
@pytest.mark.parametrize("lesson", [lesson.name for lesson in Workspace(REPOSITORY).lessons])
def test_a_finished_lesson_runs_to_its_end_under_the_debugger(fresh, lesson):
    """Nothing in it waits for what the debugger holds: a compiler's child processes, say."""
    if lesson not in RISKY and os.environ.get("EDITOR_PROOFS") != "every":
        pytest.skip("takes long: EDITOR_PROOFS=every")
    found = fresh.lesson_named(lesson)
    found.answers.write_text(found.text, encoding="utf-8", newline="\n")
    with Debugger(fresh.environment() | {"PLOTLY_RENDERER": "json"}, patience=240) as vscode:
        vscode.start(here(fresh, found.answers).configuration("This script"), {})
        assert vscode.finish() == 0, vscode.printed()
        assert "✗" not in vscode.printed()


def debug_test(copy: Copy, *ids: str) -> dict:
    """What ms-python makes of "Debug Test": the first configuration of that purpose, with its own program and arguments.

    Its program is `pytest.main(arguments + ids)`, without the folders that the settings name.
    """
    window = here(copy, copy.answers)
    launch = window.read("launch")["configurations"]
    base = next(one for one in launch if "debug-test" in one.get("purpose", []))
    configuration = window.configuration(base["name"])
    options = [one for one in window.settings["python.testing.pytestArgs"] if one.startswith("-")]
    runner = copy.root.parent / "run_pytest_script.py"
    runner.write_text("import sys\n\nimport pytest\n\nsys.exit(pytest.main(sys.argv[1:]))\n", encoding="utf-8")
    return configuration | {"program": str(runner), "args": [f"--rootdir={copy.root}", *options, *ids]}


def id_of(copy: Copy, test: str) -> str:
    return f"{copy.lesson.folder / 'tests.py'}::{test}"


def test_debug_test_stops_in_the_learners_function(solved):
    line = line_of(solved.answers, "rays[:, 1, 0] = 1")
    with debugger(solved) as vscode:
        vscode.start(debug_test(solved, id_of(solved, "test_make_rays_1d")), {solved.answers: [line]})
        stop = vscode.stop()
        assert stop.place == (solved.answers, line)
        assert stop.locals()["rays"] == "Tensor"
        vscode.request(vscode.sessions[0], "setBreakpoints", source={"path": str(solved.answers)}, breakpoints=[])
        stop.go_on()
        assert vscode.finish() == 0, vscode.printed()
        assert "1 passed" in vscode.printed()


def test_debug_test_with_a_module_in_it_is_refused(solved):
    """Why that configuration is one of its own, and not the one that runs pytest by F5."""
    with debugger(solved) as vscode, pytest.raises(RuntimeError, match="mutually exclusive"):
        vscode.start(debug_test(solved, id_of(solved, "test_make_rays_1d")) | {"module": "pytest"}, {})


@pytest.mark.parametrize(
    "label", [pytest.param("Tests of this day", marks=pytest.mark.thorough), "Check the exercise at the cursor"]
)
def test_pytest_by_f5_stops_in_the_learners_function(solved, label):
    line = line_of(solved.answers, "rays[:, 1, 0] = 1")
    configuration = here(solved, solved.answers).configuration(label)
    with debugger(solved) as vscode:
        vscode.start(configuration, {solved.answers: [line]})
        stop = vscode.stop()
        assert stop.place == (solved.answers, line)
        vscode.request(vscode.sessions[0], "setBreakpoints", source={"path": str(solved.answers)}, breakpoints=[])
        stop.go_on()
        assert vscode.finish() in (0, 1), vscode.printed()  # 1: a day's debugging exercise is wrong until it is mended
        assert " 1 passed" in vscode.printed()


@pytest.mark.thorough
def test_without_answers_the_learners_function_is_never_reached(solved):
    line = line_of(solved.answers, "rays[:, 1, 0] = 1")
    configuration = here(solved, solved.answers).configuration("Check the exercise at the cursor")
    configuration["args"].remove("--answers")
    with debugger(solved) as vscode:
        vscode.start(configuration, {solved.answers: [line]})
        with pytest.raises(EOFError, match="1 passed"):
            vscode.stop()


@pytest.mark.thorough
def test_without_its_folder_the_script_runs_elsewhere(solved):
    line = line_of(solved.answers, "rays[:, 1, 0] = 1")
    window = here(solved, solved.answers)
    launch = solved.root / ".vscode" / "launch.json"
    text = launch.read_text(encoding="utf-8")
    launch.write_text(text.replace('"cwd": "${fileDirname}",', "", 1), encoding="utf-8")
    with debugger(solved) as vscode:
        vscode.start(window.configuration("This script"), {solved.answers: [line]})
        assert Path(eval(vscode.stop().evaluate("__import__('os').getcwd()"))) == solved.root


@pytest.mark.skipif(os.name == "nt", reason="torchrun's rendezvous needs libuv, which torch for Windows lacks")
def test_torchrun_stops_in_each_rank():
    script = REPOSITORY / "tests" / "editor" / "distributed.py"
    line = line_of(script, "dist.all_reduce(total)")
    with Debugger(os.environ) as vscode:
        vscode.start(Window(REPOSITORY, script).configuration("This script under torchrun"), {script: [line]})
        stops = [vscode.stop(), vscode.stop()]
        assert {stop.place for stop in stops} == {(script, line)}
        assert {stop.evaluate("tuple(total.tolist())") for stop in stops} == {"(0, 1)", "(1, 1)"}
        for stop in stops:
            stop.go_on()
        assert vscode.finish() == 0, vscode.printed()
        said = re.findall(r"rank \d: \[1, 2\]", vscode.printed())  # unbuffered: two ranks may share a line
        assert sorted(said) == ["rank 0: [1, 2]", "rank 1: [1, 2]"]


@pytest.mark.thorough
def test_without_sub_process_no_rank_is_debugged():
    script = REPOSITORY / "tests" / "editor" / "distributed.py"
    configuration = Window(REPOSITORY, script).configuration("This script under torchrun") | {"subProcess": False}
    with Debugger(os.environ) as vscode:
        vscode.start(configuration, {script: [line_of(script, "dist.all_reduce(total)")]})
        with pytest.raises(EOFError, match="no further stop"):
            vscode.stop()


def test_attach_finds_the_waiting_script(solved):
    line = line_of(solved.answers, "rays[:, 1, 0] = 1")
    configuration = here(solved, solved.answers).configuration("Attach")
    with socket.socket() as free:  # the port of the configuration may be taken here
        free.bind((configuration["connect"]["host"], 0))
        configuration["connect"]["port"] = port = free.getsockname()[1]
    command = [sys.executable, "-m", "debugpy", "--listen", str(port), "--wait-for-client", str(solved.answers)]
    with debugger(solved) as vscode:
        vscode.programs.append(
            subprocess.Popen(
                command,
                env=solved.environment(),
                stdout=vscode.terminal,
                stderr=vscode.terminal,
                cwd=solved.answers.parent,
            )
        )
        vscode.start(configuration, {solved.answers: [line]})
        assert vscode.stop().place == (solved.answers, line)
        vscode.request(vscode.sessions[0], "disconnect", terminateDebuggee=True)
