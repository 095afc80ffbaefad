"""`def test_f(f)` receives `f` from the lesson's solutions.py, or from the learner's answers.py under `--answers`.

Under `--answers`, which VS Code's Testing view sets, a verdict is what `coach check` says of the same file.
"""

import ast
import contextlib
import ctypes
import importlib
import os
import sys
import threading
import traceback
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from coach.course.lesson import Lesson
from coach.course.percent import defined_by
from coach.judging.judge import Unwritten, WrongAnswer
from coach.judging.verdict import Verdict
from coach.words import WRONG, say

EXERCISES = Path(__file__).parent / "exercises"
# Read when torch is imported. Tests are small, and threads that share a busy core wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--answers", action="store_true", help="judge the learner's answers.py, not the course's solutions.py"
    )
    parser.addoption("--at", metavar="FILE:LINE", help="only the tests of the exercise at that line")


def pytest_configure(config: pytest.Config) -> None:
    """Registers a fixture for every parameter that a lesson's tests name; each finds its value when it is asked for."""
    fixtures = types.ModuleType("course_fixtures")
    for path in EXERCISES.glob("part*/tests.py"):
        for name in parameters(path) & defined(path.with_name("solutions.py")):
            setattr(fixtures, name, fixture(name))
    config.pluginmanager.register(fixtures, "course-fixtures")
    if config.getoption("--answers"):
        os.environ["MPLBACKEND"] = "Agg"


def debugged() -> bool:
    """Whether a debugger runs this, which waits where it pleases."""
    return "debugpy" in sys.modules or sys.gettrace() is not None


def parameters(path: Path) -> set[str]:
    """The parameters without a default of the test functions in the file at `path`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = [n.args for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    return {arg.arg for args in tests for arg in args.args[: len(args.args) - len(args.defaults)]}


def defined(path: Path) -> set[str]:
    """The functions, classes and variables at the top level of the file at `path`."""
    return {defined_by(node) for node in ast.parse(path.read_text(encoding="utf-8")).body} - {""}


def fixture(name: str):
    @pytest.fixture(name=name)
    def learners_or_ours(request: pytest.FixtureRequest):
        folder = request.path.parent
        if request.config.getoption("--answers"):
            alone = getattr(request.config, "alone", False)
            return learners(folder, name, alone)
        return getattr(importlib.import_module(f"{folder.name}.solutions"), name)

    return learners_or_ours


def learners(folder: Path, name: str, alone: bool) -> Any:
    """What the learner's file calls so; the test ends with a verdict on the file where it has no such thing.

    A debugging exercise that is untouched is judged only where it is asked for `alone`.
    """
    from coach.running.outline import untouched
    from coach.running.worker import unfit

    lesson = Lesson(folder)
    if not lesson.started:
        pytest.skip(say(zh=f"还没有开始：coach start {lesson.day}", en=f"not begun: coach start {lesson.day}"))
    if name in untouched(lesson, lesson.answers.read_bytes()) and not alone:
        pytest.skip(say(zh="还是课程给的样子", en="still as the lesson gives it"))
    module = loaded(folder)
    if isinstance(module, Verdict):
        pytest.fail(str(module), pytrace=False)
    if why := unfit(job_of(folder), name, module):
        pytest.fail(f"{WRONG} {name}: {why[0]}", pytrace=False)
    return getattr(module, name)


@cache
def job_of(folder: Path) -> Any:
    from coach.running.runner import job_for

    lesson = Lesson(folder)
    return job_for(lesson, lesson.answers.read_bytes(), lesson.names, seconds=None, memory=None)


@cache
def loaded(folder: Path) -> types.ModuleType | Verdict:
    """The learner's file as `coach check` imports it, or the verdict on why it can't be."""
    from coach.running.stage import at_home, nobody_is_watching
    from coach.running.worker import load

    importlib.import_module(f"{folder.name}.solutions")
    if not debugged():  # a debugger waits at breakpoints
        nobody_is_watching()
    at_home(job_of(folder))
    return load(job_of(folder))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What isn't written yet is a skip with its reason, not a failure; what does not end is ended."""
    seconds = getattr(getattr(item, "function", None), "seconds", 0)
    judging = bool(item.config.getoption("--answers"))
    limit = seconds if judging and not debugged() else 0
    failed = ""
    try:
        with nothing_typed(judging), limited(limit):
            return (yield)
    except Unwritten as unwritten:
        pytest.skip(str(unwritten))
    except Endless as endless:
        failed = ended(item, endless, limit)
    pytest.fail(failed, pytrace=False)


@contextlib.contextmanager
def nothing_typed(judging: bool) -> Iterator[None]:
    """Under `--answers` an `input()` reads the end of the file, as under `coach check`."""
    with open(os.devnull, encoding="utf-8") as nothing, contextlib.ExitStack() as stack:
        if judging and not debugged():
            stack.enter_context(mock.patch("sys.stdin", nothing))
        yield


def ended(item: Any, endless: BaseException, seconds: float) -> str:
    """The verdict on a test that took too long, with the learner's line that it was at."""
    from coach.running.job import too_long

    frames = traceback.extract_tb(endless.__traceback__)
    own = [f for f in frames if f.filename == job_of(item.path.parent).path]
    verdict = Verdict(WRONG, item.function.exercises, item.name, too_long(seconds))
    if own:
        verdict.path, verdict.line, verdict.code = own[-1].filename, own[-1].lineno or 1, (own[-1].line or "").strip()
    return str(verdict)


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises `Endless` in this thread after so long, wherever it is in Python code; never with 0."""
    ours = ctypes.c_ulong(threading.get_ident())
    raise_it = ctypes.pythonapi.PyThreadState_SetAsyncExc
    timer = threading.Timer(seconds, lambda: raise_it(ours, ctypes.py_object(Endless)))
    timer.daemon = True
    if seconds:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Endless(BaseException):
    """A test took too long. No `Exception`: nothing that is judged may catch it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Of a wrong answer the verdict is shown, alone; of a wrong solution of the course the traceback stays."""
    report = yield
    if item.config.getoption("--answers") and call.excinfo and isinstance(call.excinfo.value, WrongAnswer):
        from coach.running.worker import plainer

        verdict = call.excinfo.value.verdict
        plainer(verdict, job_of(item.path.parent))
        report.longrepr = str(verdict)
    return report


def at_the_line(place: str, items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests of the exercise at FILE:LINE."""
    from coach.course import lookup
    from coach.course.workspace import Workspace
    from coach.words import Trouble

    try:
        lesson, exercise = lookup.exercise_called(Workspace.here(), place)
    except Trouble as trouble:
        raise pytest.UsageError(str(trouble)) from None
    own = [item for item in items if item.path.parent == lesson.folder]
    return [item for item in own if exercise in getattr(getattr(item, "function", None), "exercises", ())]


@pytest.hookimpl(trylast=True)  # after `-k`: what is chosen counts
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--answers` judges the learner: the tests of the tool and of the course stay out. What trains is marked slow."""
    if place := config.getoption("--at"):
        wanted = at_the_line(place, items)
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        items[:] = wanted
    if config.getoption("--answers"):
        others = [item for item in items if not item.path.is_relative_to(EXERCISES)]
        items[:] = [item for item in items if item.path.is_relative_to(EXERCISES)]
        config.hook.pytest_deselected(items=others)
        config.alone = len({getattr(item.function, "exercises", ()) for item in items}) == 1  # type: ignore
        for item in items:
            item.add_marker(pytest.mark.filterwarnings("default"))  # a warning is no wrong answer
    for item in items:
        if getattr(getattr(item, "function", None), "slow", False):
            item.add_marker(pytest.mark.slow)
