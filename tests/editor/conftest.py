"""What the proofs share: copies of the workspace, a container's creation, and which of them wait to be asked for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .checkout import Copy, copy_to
from .container import CONFIGURATIONS, CommandFailed, Container, container
from .vscode import REPOSITORY


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: installs programs or takes long; run by .ci/editor")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A plain `pytest` stays quick: what is marked so waits for EDITOR_PROOFS=all, which `.ci/editor` sets."""
    later = pytest.mark.skip(reason="installs programs or takes long: .ci/editor, or EDITOR_PROOFS=all")
    for item in items:
        if item.get_closest_marker("thorough") and os.environ.get("EDITOR_PROOFS") not in ("all", "every"):
            item.add_marker(later)


@pytest.fixture
def fresh(tmp_path: Path) -> Copy:
    """A copy that nobody has begun to work in, under a path with a space and Chinese letters."""
    if not shutil.which("git") or not (REPOSITORY / ".git").exists():
        pytest.skip("needs a git checkout, to know which files belong to it")
    return Copy(copy_to(tmp_path / "工作区 of mine"))


@pytest.fixture
def copy(fresh: Copy) -> Copy:
    """A copy in which a learner has begun day 1 and written nothing yet."""
    fresh.answers.write_text(fresh.lesson.view("en"), encoding="utf-8", newline="\n")
    return fresh


@pytest.fixture
def bare_python(tmp_path: Path) -> str:
    """An interpreter in which nothing is installed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    return str(tmp_path / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


@pytest.fixture(scope="session")
def created() -> Iterator[Container]:
    """The default container after its whole creation; made once, it takes a minute."""
    with container(CONFIGURATIONS[0]) as made:
        try:
            made.run("python3", "-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))")
        except (CommandFailed, OSError):
            pytest.skip("needs a python3 from 3.11 on, with venv, that a user other than root may run")
        made.live()
        yield made
