"""The Testing view: pytest called as VS Code calls it, with the arguments and from the folder that settings.json names."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from coach.course.workspace import Workspace

from .checkout import Copy
from .vscode import REPOSITORY, Window

pytestmark = pytest.mark.slow
# What stands for VS Code's own plugin: it keeps the tree's node ids, and reads the parameters in an id as the part from "[" on.
PLUGIN = '''\
"""Writes what a Testing view would show: each test's id, and whether an id without brackets has parameters."""

import json
import os


def pytest_collection_finish(session):
    broken = [item.nodeid for item in session.items if "[" not in item.nodeid and hasattr(item, "callspec")]
    found = {"ids": [item.nodeid for item in session.items], "broken": broken, "errors": session.testsfailed}
    with open(os.environ["SHOWN"], "w", encoding="utf-8") as file:
        json.dump(found, file)
'''


def pytest_as_vscode_does(copy: Copy, *more: str, arguments: list[str] | None = None):
    """Runs pytest with the plugin, from the settings' folder; what it printed, and the plugin's file."""
    plugins, shown = copy.root.parent / "plugins", copy.root.parent / "shown.json"
    plugins.mkdir(exist_ok=True)
    (plugins / "shown_in_testing_view.py").write_text(PLUGIN, encoding="utf-8")
    settings, window = copy.window.settings, copy.window
    given = settings["python.testing.pytestArgs"] if arguments is None else arguments
    begin = f"import os, sys; os.environ['SHOWN'] = {str(shown)!r}; sys.path.insert(0, {str(plugins)!r}); "
    begin += "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    command = ["-p", "shown_in_testing_view", f"--rootdir={copy.root}", *given, *more]
    done = copy.run(sys.executable, "-c", begin, *command, cwd=Path(window.resolve(settings["python.testing.cwd"])))
    return done, json.loads(shown.read_text(encoding="utf-8")) if shown.exists() else {}


def written_tests(copy: Copy) -> set[str]:
    """The id of every `def test_…` in the lessons' files."""
    found = set()
    for lesson in Workspace(copy.root).lessons:
        path = lesson.folder / "tests.py"
        names = [n.name for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)]
        found |= {f"{path.relative_to(copy.root).as_posix()}::{name}" for name in names if name.startswith("test_")}
    return found


def test_every_exercise_is_found_once_by_a_readable_id(copy):
    done, shown = pytest_as_vscode_does(copy, "--collect-only")
    assert done.returncode == 0 and shown["errors"] == 0, done.stdout
    assert sorted(shown["ids"]) == sorted(written_tests(copy)), done.stdout
    assert all(re.fullmatch(r"[\w/.]+::test_\w+", name) for name in shown["ids"])
    assert not shown["broken"], "VS Code's plugin fails on a parametrized test whose id has no brackets"


@pytest.mark.thorough
def test_without_its_arguments_the_solutions_are_judged(copy):
    """The mutation: VS Code would show green for what the learner has not written."""
    done, _ = pytest_as_vscode_does(copy, f"{copy.lesson.folder / 'tests.py'}::test_make_rays_1d", arguments=[])
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (None, "1 skipped"),
        ("return torch.zeros(num_pixels, 2, 3)", "1 failed"),
        (
            "rays = torch.zeros(num_pixels, 2, 3)\n    rays[:, 1, 0] = 1\n"
            "    rays[:, 1, 1] = torch.linspace(-y_limit, y_limit, num_pixels)\n    return rays",
            "1 passed",
        ),
    ],
    ids=["unwritten", "wrong", "right"],
)
def test_running_one_id_judges_the_learners_file(copy, body, outcome):
    """VS Code drops the folders from its arguments when it runs ids, and gives those as absolute paths."""
    if body:
        copy.answer("make_rays_1d", body)
    options = [one for one in copy.window.settings["python.testing.pytestArgs"] if one.startswith("-")]
    done, _ = pytest_as_vscode_does(copy, f"{copy.lesson.folder / 'tests.py'}::test_make_rays_1d", arguments=options)
    assert outcome in done.stdout, done.stdout


def test_a_lesson_s_own_files_are_nested_and_read_only():
    """All but the learner's: each is out of sight below solutions.py, and can't be changed by mistake."""
    settings = Window(REPOSITORY).settings
    nested = settings["explorer.fileNesting.patterns"]["solutions.py"].split(", ")
    (pattern,) = settings["files.readonlyInclude"]
    names = {path.name for path in REPOSITORY.glob("chapter*/exercises/part*/*.py")} - {"answers.py"}
    assert names - {"solutions.py"} <= set(nested)
    for name in names - {"__init__.py"}:
        assert name.removesuffix(".py") in pattern.partition("{")[2].partition("}")[0].split(","), name
