"""`def test_f(f)` receives `f` from the lesson's solutions.py, or from the learner's answers.py under `--answers`."""

import ast
import importlib
import os
import types
from pathlib import Path

import pytest

from coach.course.lesson import Lesson
from coach.judging.judge import Unwritten
from coach.words import say

EXERCISES = Path(__file__).parent / "exercises"
# Read when torch is imported. Tests are small, and threads that share a busy core wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--answers", action="store_true", help="judge the learner's answers.py, not the course's solutions.py"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers a fixture for every parameter that a lesson's tests name; each finds its value when it is asked for."""
    fixtures = types.ModuleType("course_fixtures")
    for path in EXERCISES.glob("part*/tests.py"):
        for name in parameters(path) & defined(path.with_name("solutions.py")):
            setattr(fixtures, name, fixture(name))
    config.pluginmanager.register(fixtures, "course-fixtures")


def parameters(path: Path) -> set[str]:
    """The parameters without a default of the test functions in the file at `path`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = [n.args for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    return {arg.arg for args in tests for arg in args.args[: len(args.args) - len(args.defaults)]}


def defined(path: Path) -> set[str]:
    """The functions, classes and variables at the top level of the file at `path`."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    targets = [t.id for n in body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
    return {n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)} | set(targets)


def fixture(name: str):
    @pytest.fixture(name=name)
    def learners_or_ours(request: pytest.FixtureRequest):
        lesson = Lesson(request.path.parent)
        which = "answers" if request.config.getoption("--answers") else "solutions"
        if which == "answers" and not lesson.started:
            pytest.skip(say(zh=f"还没有开始：coach start {lesson.day}", en=f"not begun: coach start {lesson.day}"))
        module = importlib.import_module(f"{lesson.name}.{which}")
        if not hasattr(module, name):
            pytest.fail(say(zh=f"{which}.py 里没有 {name}", en=f"there is no {name} in {which}.py"), pytrace=False)
        return getattr(module, name)

    return learners_or_ours


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """What isn't written yet is a skip with its reason, not a failure."""
    try:
        return (yield)
    except Unwritten as unwritten:
        pytest.skip(str(unwritten))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--answers` judges the learner: the tests of the tool and of the course stay out. What trains is marked slow."""
    if config.getoption("--answers"):
        others = [item for item in items if not item.path.is_relative_to(EXERCISES)]
        items[:] = [item for item in items if item.path.is_relative_to(EXERCISES)]
        config.hook.pytest_deselected(items=others)
    for item in items:
        if getattr(getattr(item, "function", None), "slow", False):
            item.add_marker(pytest.mark.slow)
