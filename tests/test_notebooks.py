"""The notebooks: run from end to end in a real kernel, set up by their first cell, and where the READMEs say they are."""

import linecache
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from minicourse import LESSONS, Mini, make
from nbclient import NotebookClient

from coach.answers import notebook as notebooks
from coach.commands.root import coach
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
COURSE = Workspace(ROOT)
SOURCE = "https://github.com/who/what"
WORKFLOW = (ROOT / ".github/workflows/notebooks.yml").read_text(encoding="utf-8")
EVERY = [one.name for one in COURSE.lessons]
ALL = (
    os.environ.get("NOTEBOOKS") == "all"
)  # then every lesson's are run and looked at; else those of a few that are quick
RUN = EVERY if ALL else ["part0_chance"]
LOOKED_AT = EVERY if ALL else ["part0_chance", "part1_raytracing"]  # the second has an exercise that begins with bugs
slow_kernel = pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")  # Windows' own, of pyzmq


def called(name: str) -> Lesson:
    return next(lesson for lesson in COURSE.lessons if lesson.name == name)


def bare() -> dict[str, str]:
    """An environment that tells nothing of this checkout, nor that pytest is at work: the first cell finds the course."""
    told = ("PYTHONPATH", "COACH_LANG", "PYTEST_CURRENT_TEST")
    return {name: value for name, value in os.environ.items() if name not in told}


def executed(notebook: Any, folder: Path) -> tuple[str, list[Any]]:
    """What a notebook's cells print, and their other outputs; the first error ends it."""
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where)
    manager = client.create_kernel_manager()
    with tempfile.TemporaryDirectory() as sockets:
        if os.name == "posix":  # sockets in the file system: no port to be taken by someone else
            manager.transport, manager.ip = "ipc", f"{sockets}/k"
        client.execute(env=bare())
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    return printed, [output for output in outputs if output.output_type != "stream"]


def solved(notebook: Any) -> Any:
    """The notebook with each folded solution copied into its exercise's cell, as a learner would."""
    exercise = None
    for cell in notebook.cells:
        exercise = cell if "exercise" in cell.metadata else exercise
        if "solution" in cell.metadata.get("tags", []):
            found = re.search(r"^(`{3,})python\n(.*)\n\1$", cell.source, re.MULTILINE | re.DOTALL)
            assert found and exercise
            exercise.source = found[2]
    return notebook


@slow_kernel
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", RUN)
def test_a_notebook_runs_with_its_own_solutions(name: str, lang: str):
    lesson = called(name)
    made = solved(notebooks.notebook(lesson.view(lang), lesson, lang, SOURCE))
    printed, shown = executed(made, lesson.folder)
    missing = [exercise.name for exercise in lesson.exercises if f"✓ {exercise.name}" not in printed]
    assert not missing and not re.search("^[✗○]", printed, re.MULTILINE), printed
    figures = [one for one in shown if "application/vnd.plotly.v1+json" in one.get("data", {})]
    assert len(figures) >= lesson.text.count(".show()")


@slow_kernel
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", RUN)
def test_an_untouched_notebook_runs_and_says_what_is_not_written(name: str, lang: str):
    lesson = called(name)
    printed, _ = executed(notebooks.notebook(lesson.view(lang), lesson, lang), lesson.folder)
    told = {"zh": "还没有写", "en": "not written yet"}[lang]
    unwritten = [exercise.name for exercise in lesson.exercises if exercise.kind == "write"]
    assert [name for name in unwritten if f"○ {name}: {told}" not in printed] == [], printed


@slow_kernel
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="makes links")
def test_the_learners_own_code_is_judged_in_the_notebook(mini: Mini):
    (mini.root / "coach").symlink_to(ROOT / "coach", target_is_directory=True)
    stub = "raise NotImplementedError"
    mini.begin("part0_numbers", (stub, "return x**2"), (stub, "return sum(values)"))
    lesson = mini.lesson("part0_numbers")
    text = lesson.answers.read_text(encoding="utf-8")
    printed, shown = executed(notebooks.notebook(text, lesson, "en"), lesson.folder)
    assert "✗ double: the values differ" in printed and "That is the square" in printed and "✓ total" in printed
    assert not shown, "no cell ends in a traceback"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_is_folded_and_the_script_comes_back(lang: str):
    for lesson in map(called, LOOKED_AT):
        view = lesson.view(lang)
        made = notebooks.notebook(view, lesson, lang, SOURCE)
        nbformat.validate(made)
        assert notebooks.script(made) == view, lesson.name
        for tag in ("hint", "answer", "solution"):
            folded = [cell.source for cell in made.cells if tag in cell.metadata.get("tags", [])]
            assert all(text.startswith("<details>\n<summary>") and text.endswith("</details>") for text in folded)
        solutions = [cell for cell in made.cells if "solution" in cell.metadata.get("tags", [])]
        assert len(solutions) == len(lesson.exercises)
        code = "\n".join(cell.source for cell in made.cells if cell.cell_type == "code")
        assert "# solution" not in code
        badge, first = made.cells[:2]
        assert f"/github/who/what/blob/notebooks/{lang}/{lesson.name}.ipynb" in badge.source
        assert first.source.startswith("# @title ") and first.metadata.cellView == "form"
        assert first.metadata.jupyter.source_hidden


def test_a_cell_s_names_come_from_cells_and_not_from_the_kernel_s_own_files(monkeypatch: pytest.MonkeyPatch):
    """A traceback leaves the kernel's files in Python's line cache, and those have names like ours."""
    from part0_tools.checker import source_of

    def cell(path: str, text: str) -> None:
        monkeypatch.setitem(linecache.cache, path, (len(text), None, text.splitlines(keepends=True), path))

    written = 'def f(x: Float[Tensor, "n"]) -> int:\n    return len(x)\n'
    cell("/tmp/ipykernel_12/1.py", "from jaxtyping import Float\nfrom torch import Tensor\n")
    cell("/tmp/ipykernel_12/2.py", written)
    cell("/venv/site-packages/ipykernel/kernelbase.py", "from traitlets.traitlets import Float\n")
    names: dict[str, Any] = {"Float": list, "Tensor": int}
    exec(compile(written, "/tmp/ipykernel_12/2.py", "exec"), names)
    found = source_of(names["f"])
    assert "from jaxtyping import Float" in found and "from torch import Tensor" in found and "traitlets" not in found


def first_cell(lesson: str, source: str = "") -> str:
    made = notebooks.notebook(called(lesson).view("zh"), called(lesson), "zh", source)
    return next(cell.source for cell in made.cells if cell.cell_type == "code")


def ran(cell: str, folder: Path, colab: bool) -> str:
    """What the cell prints, and then the working directory, in a Python that knows nothing of this checkout."""
    begin = "import sys, types\nsys.path = [path for path in sys.path if path not in sys.argv[1:]]\n"
    begin += "sys.modules['google.colab'] = types.ModuleType('colab')\n" if colab else ""
    environ = bare() | {"PYTHONIOENCODING": "utf-8", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    script = f"{begin}{cell}\nimport os; print(os.getcwd())"
    command = [sys.executable, "-c", script, str(ROOT), *map(str, ROOT.glob("chapter*/exercises"))]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("colab", [False, True])
def test_without_the_course_the_first_cell_says_what_to_do(tmp_path: Path, colab: bool):
    printed = ran(first_cell("part0_chance"), tmp_path, colab)
    command = [sys.executable, "-P", "-c", "import part0_chance; print(part0_chance.__file__)"]
    found = subprocess.run(command, cwd=tmp_path, env=bare(), capture_output=True, encoding="utf-8", check=False).stdout
    if found and not found.startswith(str(ROOT)):  # an editable install points at another checkout
        assert "✓" in printed
    else:
        assert "压缩包" in printed and "requirements.txt" in printed


@pytest.mark.skipif(os.name == "nt", reason="Colab is Linux")
def test_in_colab_the_first_cell_gets_the_course(tmp_path: Path):
    upstream = make(tmp_path / "上游 repository").root
    for name in ("coach", ".ci"):
        (upstream / name).symlink_to(ROOT / name, target_is_directory=True)
    (upstream / "chapter0_fundamentals/exercises/part0_chance").mkdir()
    (upstream / "chapter0_fundamentals/exercises/part0_chance/__init__.py").touch()
    author = ["-c", "user.name=n", "-c", "user.email=e"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "course"]):
        subprocess.run(["git", *command], cwd=upstream, check=True)
    content = tmp_path / "content"
    content.mkdir()
    printed = ran(first_cell("part0_chance", upstream.as_uri()), content, colab=True)
    assert "✓" in printed
    assert Path(printed.splitlines()[-1]) == content / "course/chapter0_fundamentals/exercises/part0_chance"


def test_what_is_installed_stays_as_it_is_in_colab(tmp_path: Path):
    """A course that asks for a newer torch than Colab's, and for a package that Colab lacks."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/colab").write_bytes((ROOT / ".ci/colab").read_bytes())
    wanted = '[project]\ndependencies = ["numpy>=99", "no-such-package-here>=1,<2"]\n'
    (tmp_path / "pyproject.toml").write_text(wanted, encoding="utf-8")
    command = [sys.executable, str(tmp_path / ".ci/colab"), "--dry-run"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split("\n") == ["no-such-package-here>=1,<2", ""]


def test_what_is_published_is_untouched_and_has_a_page(mini: Mini):
    mini.begin("part0_numbers", ("raise NotImplementedError", "return 'my own answer'"))
    result = CliRunner().invoke(coach, ["lesson", "notebooks", "out", "--source", SOURCE])
    assert result.exit_code == 0, result.output
    found = {path.relative_to("out").as_posix() for path in Path("out").rglob("*.*")}
    assert found == {"README.md", *(f"{lang}/{name}.ipynb" for lang in ("zh", "en") for name in LESSONS)}
    assert not any(b"my own answer" in path.read_bytes() for path in Path("out").rglob("*.ipynb"))
    page = Path("out/README.md").read_text(encoding="utf-8")
    for name in LESSONS:
        assert f"https://colab.research.google.com/github/who/what/blob/notebooks/zh/{name}.ipynb" in page


@pytest.mark.parametrize("source", ["https://example.com/who/what", "who/what", "https://github.com/who"])
def test_an_address_that_is_none_is_refused(mini: Mini, source: str):
    result = CliRunner().invoke(coach, ["lesson", "notebooks", "out", "--source", source])
    assert result.exit_code == 2 and "github.com/WHO/WHAT" in result.output and not Path("out").exists()


@pytest.mark.parametrize(("readme", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_each_row_of_a_readme_opens_what_the_workflow_publishes(readme: str, lang: str):
    text = (ROOT / readme).read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \d+ \| `(part\w+)` \|.*\| \[notebook\]\(([^)]*)\) \|$", text, re.MULTILINE))
    assert rows.keys() == {lesson.name for lesson in COURSE.lessons}
    for name, link in rows.items():
        # from github.com/WHO/WHAT/blob/main/README.md
        assert link == f"../../blob/{notebooks.BRANCH}/{notebooks.place(called(name), lang)}"
    assert f"--initial-branch={notebooks.BRANCH}" in WORKFLOW and f" {notebooks.BRANCH}\n" in WORKFLOW
    assert "coach lesson notebooks " in WORKFLOW


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a clone knows what is committed")
def test_no_notebook_is_committed():
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True)
    names = done.stdout.decode("utf-8").splitlines()
    assert "pyproject.toml" in names and not [name for name in names if name.endswith(".ipynb")]
