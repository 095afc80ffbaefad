"""What the learners of a class wrote: their answers.py files out of their repositories, and nothing else of those."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from coach.answers.merge import git_environment
from coach.course.workspace import Workspace
from coach.words import Trouble, say

ANSWERS = re.compile(r"chapter\w+/exercises/(part\d+_\w+)/answers\.py")
LARGEST = 1 << 20  # bytes in a file of answers
PATIENCE = 300  # seconds for fetching a repository
LEFT_OUT = shutil.ignore_patterns("answers.py", "*.ipynb", "__pycache__", "runs", ".*")


@dataclass(frozen=True)
class Collected:
    """`answers` are the files, by lesson, and `left_out` says why one was not taken; `problem`, why there are none."""

    learner: str
    commit: str
    answers: dict[str, bytes]
    problem: str = ""
    left_out: dict[str, str] = field(default_factory=dict)


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
            if not (commit := _last_commit(folder)):
                zh, en = (
                    "默认分支上还没有提交：要先 git push",
                    "no commit on its main branch yet: git push is still to come",
                )
                return Collected(learner, "", {}, say(zh=zh, en=en))
            blobs = _blobs(folder)
            answers = {lesson: _git("-C", folder, "cat-file", "blob", blob) for lesson, blob, why in blobs if not why}
        except subprocess.CalledProcessError as error:
            return Collected(learner, "", {}, error.stderr.decode("utf-8", "replace").strip() or str(error))
        except subprocess.TimeoutExpired as error:
            return Collected(learner, "", {}, str(error))
    return Collected(learner, commit, answers, left_out={lesson: why for lesson, _, why in blobs if why})


def _address(source: str) -> str:
    """git ignores `--depth` for a plain path."""
    return Path(source).resolve().as_uri() if Path(source).exists() else source


def _last_commit(folder: str) -> str:
    """The last one of the branch that a clone begins on; "" if there is none."""
    try:
        return _git("-C", folder, "rev-parse", "--verify", "--quiet", "HEAD").decode("ascii").strip()
    except subprocess.CalledProcessError as error:
        if error.stderr:
            raise
        return ""


def _blobs(folder: str) -> list[tuple[str, str, str]]:
    """Each lesson's file of answers, and why it is not taken, if it is no ordinary one of a size that a person can write."""
    found = []
    for line in _git("-C", folder, "ls-tree", "-r", "-l", "-z", "HEAD").decode("utf-8", "replace").split("\0"):
        told, _, path = line.partition("\t")
        if named := ANSWERS.fullmatch(path):
            mode, _, blob, size = told.split()
            found.append((named[1], blob, _why_not(mode, size)))
    return found


def _why_not(mode: str, size: str) -> str:
    if not mode.startswith("100"):
        return say(zh="answers.py 是链接，不是普通的文件", en="answers.py is a link, no ordinary file")
    mib = LARGEST >> 20
    return (
        say(zh=f"answers.py 超过 {mib} MiB", en=f"answers.py is larger than {mib} MiB") if int(size) > LARGEST else ""
    )


def _git(*arguments: str) -> bytes:
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", *arguments]
    try:
        done = subprocess.run(command, env=git_environment(), capture_output=True, check=True, timeout=PATIENCE)
    except FileNotFoundError:
        zh, en = (
            "找不到 git：先安装它（https://git-scm.com）。",
            "git was not found: install it (https://git-scm.com) first.",
        )
        raise Trouble(zh=zh, en=en) from None
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
