"""The types: Pyright's language server, which Pylance is made of, reads the workspace with its real settings."""

import os
from collections.abc import Iterator

import pytest

from coach.course.workspace import Workspace

from .lsp import LanguageServer
from .vscode import REPOSITORY, Window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Pyright spells Windows' addresses in another way than pathlib"),
]
WINDOW = Window(REPOSITORY)
EXERCISES = REPOSITORY / "chapter0_fundamentals" / "exercises"
# Not in exercises/: from there an import of a day resolves by itself, since Pyright looks in the importing file's parents.
OUTSIDE = REPOSITORY / "scratch_of_a_learner.py"
IMPORT = "import part1_raytracing.solutions as solutions\n\nprint(solutions.make_rays_1d(9, 10.0).shape)\n"


def our_files():
    """Every Python file of the lessons, the tool and the tests; a learner's own is not among them."""
    found = [*EXERCISES.glob("part*/*.py"), *(REPOSITORY / "coach").rglob("*.py")]
    found += (REPOSITORY / "tests").rglob("*.py")
    return [path for path in found if path.name != "answers.py" and "node_modules" not in path.parts]


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    """One for all that is read with the workspace's own settings: torch is read once."""
    with LanguageServer(WINDOW) as server:
        yield server


@pytest.mark.xdist_group("types")
def test_everything_of_ours_is_clean_in_basic_mode(server):
    paths = our_files()
    assert {lesson.solutions for lesson in Workspace(REPOSITORY).lessons} <= set(paths)
    assert {path.parent for path in paths} >= {path.parent for path in (REPOSITORY / "coach").glob("*/*.py")}
    problems = server.diagnostics(*[server.open(path) for path in paths])
    assert not problems, "\n".join(problems)


@pytest.mark.xdist_group("types")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_learners_fresh_file_is_clean(server, lang):
    lessons = Workspace(REPOSITORY).lessons
    problems = server.diagnostics(*[server.open(x.folder / f"answers_{lang}.py", x.view(lang)) for x in lessons])
    assert not problems, "\n".join(problems)


def test_a_day_is_imported_by_the_settings_alone(bare_python):
    """In an interpreter without the editable install, and so without torch: of its own imports only the day's counts."""
    with LanguageServer(Window(REPOSITORY, python=bare_python)) as server:
        assert server.diagnostics(server.open(OUTSIDE, IMPORT)) == []


def test_without_extra_paths_the_import_is_reported(bare_python):
    settings = WINDOW.settings
    del settings["python.analysis.extraPaths"]
    with LanguageServer(Window(REPOSITORY, python=bare_python), settings) as server:
        (line,) = server.diagnostics(server.open(OUTSIDE, IMPORT))
    assert 'Import "part1_raytracing.solutions" could not be resolved' in line


def test_the_editable_install_is_followed_without_any_setting():
    """A plain .pth: an import hook, as setuptools would write for two roots, would not be."""
    with LanguageServer(WINDOW, {}) as server:
        assert not [
            line for line in server.diagnostics(server.open(OUTSIDE, IMPORT)) if "could not be resolved" in line
        ]


def test_basic_mode_reports_a_wrong_type_and_off_would_not():
    text = 'rays: int = "nine"\nprint(rays)\n'
    with LanguageServer(WINDOW) as server:
        (line,) = server.diagnostics(server.open(OUTSIDE, text))
    assert "error" in line and '"int"' in line
    mark = {
        "python.analysis.diagnosticSeverityOverrides": {"reportUndefinedVariable": "error"}
    }  # the client's end mark
    with LanguageServer(WINDOW, WINDOW.settings | mark | {"python.analysis.typeCheckingMode": "off"}) as server:
        assert server.diagnostics(server.open(OUTSIDE, text)) == []


def test_go_to_definition_leads_from_a_later_day_to_the_earlier_days_solutions():
    later = EXERCISES / "part9_later" / "solutions.py"
    with LanguageServer(WINDOW) as server:
        uri = server.open(later, IMPORT)
        target = (EXERCISES / "part1_raytracing" / "solutions.py").as_uri()
        assert server.definition(uri, "solutions.make_rays_1d", "make_rays_1d") == [target]
        assert server.definition(uri, "as solutions", "solutions") == [target]


@pytest.mark.parametrize("included", [True, False])
def test_what_is_included_is_searched_though_it_is_not_open(included):
    settings = WINDOW.settings | ({} if included else {"python.analysis.include": ["./coach"]})
    with LanguageServer(WINDOW, settings) as server:
        server.diagnostics(server.open(OUTSIDE, "print()\n"))
        found = {s["location"]["uri"] for s in server.request("workspace/symbol", query="make_rays_1d")}
    assert ((EXERCISES / "part1_raytracing" / "solutions.py").as_uri() in found) == included


def test_no_other_file_stands_in_the_settings_way():
    """Pyright would take its own file's word, for one or in part, over the editor's."""
    assert not (REPOSITORY / "pyrightconfig.json").exists()
    assert "pyright]" not in (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
