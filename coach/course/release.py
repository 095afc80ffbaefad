"""Which course this is: its version, its commit, and in a release without git the lessons as earlier releases had them."""

import json
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOTE = ".release.json"  # {"commit": …}, filled in by .ci/zip and by `git archive`; in a clone it holds no commit
OURS = ("coach", "pyproject.toml", ":(glob)chapter*/**", ":(exclude,glob)**/answers.py")  # in git's words
PAST = ".past.zip"  # beside it: VERSION/LESSON.py, the newest version first


@dataclass(frozen=True)
class Release:
    """`commit` is "" where nothing tells it; `packed` says that this came as a release's zip file."""

    version: str
    commit: str
    packed: bool

    @classmethod
    def of(cls, root: Path) -> "Release":
        """The one in this folder; the version stands in pyproject.toml and nowhere else."""
        import tomllib  # later than 3.10, and `coach doctor` has to say so there

        try:
            version = str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
        except (ValueError, KeyError, TypeError):  # a merge that failed left its marks there, say
            version = "?"
        noted = _noted(root)
        return cls(version, noted if noted is not None else _changed_last(root), noted is not None)

    def __str__(self) -> str:
        return f"{self.version} ({self.commit[:12]})" if self.commit else self.version


def past(root: Path, lesson: str) -> Iterator[str]:
    """The lesson's text in each earlier release that this one knows, the newest first; what is damaged is as none."""
    try:
        with zipfile.ZipFile(root / PAST) as archive:
            for name in archive.namelist():
                if name.endswith(f"/{lesson}.py"):
                    yield archive.read(name).decode("utf-8").replace("\r\n", "\n")
    except (FileNotFoundError, zipfile.BadZipFile, UnicodeDecodeError, zlib.error, EOFError, RuntimeError):
        return


def _noted(root: Path) -> str | None:
    """The commit that a release was made from; None where this is none."""
    try:
        commit = str(json.loads((root / NOTE).read_text(encoding="utf-8"))["commit"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return None if commit.startswith("$") else commit


def _changed_last(root: Path) -> str:
    """The last commit that changed the course itself: a learner's own would lead to their repository."""
    if not (root / ".git").exists():  # not that of a folder around it
        return ""
    try:
        command = ["git", "-C", str(root), "log", "--max-count=1", "--format=%H", "--", *OURS]
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.decode("ascii", "replace").strip() if not done.returncode else ""
