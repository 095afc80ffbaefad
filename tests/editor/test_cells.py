"""The cells: "Run All Cells" in the Interactive Window, in a real kernel, from the folder that settings.json names."""

import os
import tempfile
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from .checkout import Copy
from .vscode import Window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning"),  # Windows' own, of pyzmq
]
# tests/test_lessons.py runs every lesson's cells in IPython. Here a real kernel does it, for one lesson of each kind: a
# plain `pytest` takes the first; then one with many figures, and one that starts processes.
LESSONS = [
    "part0_einops",
    *(pytest.param(name, marks=pytest.mark.thorough) for name in ("part1_raytracing", "part4_distributed")),
]
# What the Jupyter extension runs before the first cell, and how a cell of ours would see its surroundings.
HIDDEN = "__file__ = {file!r}"
SURROUNDINGS = "import os, pathlib; assert pathlib.Path(os.getcwd()) == pathlib.Path(__file__).parent, os.getcwd()"


def run_cells(copy: Copy, file: Path, settings: dict[str, Any]) -> nbformat.NotebookNode:
    """The notebook that `file` is, with the outputs of all its cells; the first error ends it."""
    notebook = jupytext.read(file, fmt="py:percent")
    for text in (SURROUNDINGS, HIDDEN.format(file=str(file))):
        notebook.cells.insert(0, nbformat.v4.new_code_cell(text))
    where = Window(copy.root, file).resolve(settings["jupyter.notebookFileRoot"])
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": where}})
    manager = client.create_kernel_manager()
    with tempfile.TemporaryDirectory() as sockets:
        if os.name == "posix":  # sockets in the file system: no port to be taken by someone else
            manager.transport, manager.ip = "ipc", f"{sockets}/k"
        # VS Code gives a kernel the selected environment's variables, and tells it where it runs
        client.execute(env=copy.environment() | {"VSCODE_PID": "1", "VSCODE_CWD": str(copy.root)})
    return notebook


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_cell_of_a_lesson_runs(copy, lesson):
    found = copy.lesson_named(lesson)
    notebook = run_cells(copy, found.folder / "solutions.py", copy.window.settings)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    missing = [exercise.name for exercise in found.exercises if f"✓ {exercise.name}" not in said]
    assert not missing and "✗" not in said and "○" not in said, said
    figures = [output.data for output in outputs if "application/vnd.plotly.v1+json" in output.get("data", {})]
    assert len(figures) >= found.text.count(".show()")
    assert not [figure for figure in figures if "http" in str(figure)], "a figure asks the network for something"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("lesson", LESSONS[:2])
def test_an_untouched_file_runs_from_top_to_bottom_and_says_what_is_not_written(copy, lesson, lang):
    """In a real kernel; tests/test_lessons.py does it for every lesson in IPython alone."""
    found = copy.lesson_named(lesson)
    path = found.folder / "untouched.py"
    path.write_text(found.view(lang), encoding="utf-8")
    notebook = run_cells(copy, path, copy.window.settings)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    missing = [e.name for e in found.exercises if f"○ {e.name}" not in said and e.kind != "debug"]
    assert not missing and "Traceback" not in said, (missing, said)


@pytest.mark.parametrize("root", ["${workspaceFolder}", "${fileDirname}/.."])
def test_another_notebook_root_is_noticed(copy, root):
    with pytest.raises(CellExecutionError, match="AssertionError"):
        run_cells(copy, copy.answers, copy.window.settings | {"jupyter.notebookFileRoot": root})
