"""What the learners of a class wrote: their answers.py files out of their repositories, and nothing else of those."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coach.answers.merge import git_environment
from coach.course.workspace import Workspace

ANSWERS = re.compile(r"chapter\w+/exercises/(part\d+_\w+)/answers\.py")
LARGEST = 1 << 20  # bytes in a file of answers
PATIENCE = 300  # seconds for fetching a repository
LEFT_OUT = shutil.ignore_patterns("answers.py", "*.ipynb", "__pycache__", "runs", ".*")


@dataclass(frozen=True)
class Collected:
    """`answers` are the files, by lesson; `problem` says why there are none."""

    learner: str
    commit: str
    answers: dict[str, bytes]
    problem: str = ""


def name_of(source: str) -> str:
    """Whose repository this is: `someone/course` of an address, the folder's name of a path."""
    parts = [part for part in re.split(r"[/:\\]", source.removesuffix("/").removesuffix(".git")) if part]
    return "/".join(parts[-2:] if re.match(r"\w+://|[\w.-]+@[\w.-]+:", source) else parts[-1:])


def collect(source: str) -> Collected:
    """The last commit's answers in the repository at `source`, an address or a path. Nothing in it is run."""
    learner = name_of(source)
    with tempfile.TemporaryDirectory(prefix="coach-", ignore_cleanup_errors=True) as folder:
        try:
            _git("clone", "--quiet", "--depth=1", "--no-checkout", "--no-tags", "--", _address(source), folder)
            commit = _git("-C", folder, "rev-parse", "HEAD").decode("ascii").strip()
            answers = {lesson: _git("-C", folder, "cat-file", "blob", blob) for lesson, blob in _blobs(folder)}
        except subprocess.CalledProcessError as error:
            return Collected(learner, "", {}, error.stderr.decode("utf-8", "replace").strip() or str(error))
        except subprocess.TimeoutExpired as error:
            return Collected(learner, "", {}, str(error))
    return Collected(learner, commit, answers)


def _address(source: str) -> str:
    """git ignores `--depth` for a plain path."""
    return Path(source).resolve().as_uri() if Path(source).exists() else source


def _blobs(folder: str) -> Iterator[tuple[str, str]]:
    """Each lesson's file of answers: ordinary ones only, of a size that a person can write."""
    for line in _git("-C", folder, "ls-tree", "-r", "-l", "-z", "HEAD").decode("utf-8", "replace").split("\0"):
        told, _, path = line.partition("\t")
        found = ANSWERS.fullmatch(path)
        if found and told.startswith("100"):
            _, _, blob, size = told.split()
            if int(size) <= LARGEST:
                yield found[1], blob


def _git(*arguments: str) -> bytes:
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", *arguments]
    done = subprocess.run(command, env=git_environment(), capture_output=True, check=True, timeout=PATIENCE)
    return done.stdout


@contextmanager
def beside_ours(workspace: Workspace, collected: Collected) -> Iterator[Workspace]:
    """A copy of our course with the learner's answers in it: their tests and solutions count for nothing."""
    with tempfile.TemporaryDirectory(prefix="coach-", ignore_cleanup_errors=True) as folder:
        root = Path(folder) / "course"
        root.mkdir()
        shutil.copy(workspace.root / "pyproject.toml", root)
        for source in [workspace.root / "coach", *workspace.root.glob("chapter*")]:
            if source.is_dir():
                shutil.copytree(source, root / source.name, ignore=LEFT_OUT)
        copy = Workspace(root)
        for lesson in copy.lessons:
            if lesson.name in collected.answers:
                lesson.answers.write_bytes(collected.answers[lesson.name])
        yield copy
