"""Format on save: the formatter that settings.json names leaves the course's own lines in a learner's file alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coach.course.workspace import Workspace

from .vscode import REPOSITORY, Window

RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
LESSONS = Workspace(REPOSITORY).lessons


def formatted(text: str) -> str:
    """What `ruff server` makes of an answers.py when it is saved, by the workspace's rules."""
    command = [str(RUFF), "format", "--stdin-filename", str(LESSONS[0].folder / "answers.py"), "-"]
    done = subprocess.run(command, cwd=REPOSITORY, input=text, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


@pytest.mark.skipif(not RUFF, reason="needs ruff")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_saving_a_fresh_file_changes_nothing(lesson, lang):
    """Else an update of the course would meet the formatter's changes as the learner's own."""
    settings = Window(REPOSITORY).settings["[python]"]
    assert settings["editor.defaultFormatter"] == "charliermarsh.ruff" and settings["editor.formatOnSave"]
    assert "editor.codeActionsOnSave" not in settings, "sorting imports would take away those that are not used yet"
    view = lesson.view(lang)
    assert formatted(view) == view
    assert formatted(view + "\n\nx  =  1\n") != view + "\n\nx  =  1\n"
