"""Commands run for real, in a folder that is gone afterwards: git with settings of its own, so yours are neither read nor written."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from coach import say

DATE = "2026-01-05T09:00:00+0800"


def environment(home: Path) -> dict[str, str]:
    """Of a beginner whose home is that folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    people = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in PERSON.items()}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": str(home.parent)}
    return kept | people | nothing | {"HOME": str(home), "LC_ALL": "C.UTF-8", "GIT_EDITOR": "true", "GIT_PAGER": "cat"}


PERSON = {"NAME": "You", "EMAIL": "you@example.org", "DATE": DATE}


def git(lines: str) -> str:
    """What the commands print, each after `$ ` and itself; `write FILE TEXT` is no command of git's, but writes a file."""
    if not shutil.which("git"):
        return say(zh="没有找到 git：先装好它（coach doctor 会说怎样装）", en="git was not found: install it first (coach doctor says how)")
    said: list[str] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder)
        _run(["git", "init", "--quiet", "--initial-branch=main"], here)
        for line in filter(None, map(str.strip, lines.split("\n"))):
            words = shlex.split(line)
            said.append(f"$ {line}")
            if words[0] == "write":
                (here / words[1]).write_text(words[2] + "\n", encoding="utf-8")
            elif out := _run(words, here):
                said.append(out)
    return "\n".join(said)


def _run(words: Sequence[str], here: Path) -> str:
    done = subprocess.run(
        words,
        cwd=here,
        env=environment(here),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout.rstrip()


def sh(script: str, files: Mapping[str, str]) -> str:
    """What `sh` prints, given the script, in a folder with these files."""
    if not (shell := shutil.which("sh")):
        zh, en = "没有 sh：Windows 上在 Git Bash 或 WSL 里试", "there is no sh here: on Windows try it in Git Bash or WSL"
        return say(zh=zh, en=en)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder)
        for name, text in files.items():
            (here / name).write_text(text, encoding="utf-8", newline="\n")
        return _run([shell, "-c", script], here)
