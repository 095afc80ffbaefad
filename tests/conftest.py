"""What the tests of the tool share: a small course in a folder whose name has a space and Chinese characters."""

import os
from pathlib import Path

import pytest
from minicourse import Mini, make

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the chapter's own conftest does


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mini:
    """A fresh copy of the small course; the working directory is its root, the language English."""
    root = tmp_path / "课程 of mine"
    monkeypatch.setenv("COACH_LANG", "en")
    monkeypatch.setenv("COACH_NO_EDITOR", "1")
    course = make(root)
    monkeypatch.chdir(root)
    return course
