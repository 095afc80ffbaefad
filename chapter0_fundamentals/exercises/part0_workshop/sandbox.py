"""Commands run for real, in a folder that is gone afterwards: git with settings of its own, so yours are neither read nor written."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from coach import say

DATE = "2026-01-05T09:00:00+0800"


def environment(home: Path) -> dict[str, str]:
    """Of a beginner whose home is that folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTEST_", "LEARNER"))}
    people = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in PERSON.items()}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": str(home.parent)}
    nothing |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "init.defaultBranch", "GIT_CONFIG_VALUE_0": "main"}
    return kept | people | nothing | {"HOME": str(home), "LC_ALL": "C.UTF-8", "GIT_EDITOR": "true", "GIT_PAGER": "cat"}


PERSON = {"NAME": "You", "EMAIL": "you@example.org", "DATE": DATE}


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


def shell() -> str:
    """The path of `sh`: on Windows the one that came with git; "" where there is none."""
    if found := shutil.which("sh"):
        return found
    if not shutil.which("git"):
        return ""
    inside = subprocess.run(["git", "--exec-path"], capture_output=True, encoding="utf-8", check=False).stdout.strip()
    found = next(
        (above / "bin" / "sh.exe" for above in Path(inside).parents if (above / "bin" / "sh.exe").is_file()), ""
    )
    return str(found)


def sh(script: str, files: Mapping[str, str] | None = None) -> str:
    """What `sh` makes of the script, in a folder with these files: each of its lines, and what it prints."""
    if not (program := shell()):
        zh, en = (
            "没有 sh：Windows 上在 Git Bash 或 WSL 里试",
            "there is no sh here: on Windows try it in Git Bash or WSL",
        )
        return say(zh=zh, en=en)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder) / "here"
        here.mkdir()
        for name, text in (files or {}).items():
            (here / name).write_text(text, encoding="utf-8", newline="\n")
        lines = "\n".join(line.strip() for line in script.strip().split("\n"))
        (Path(folder) / "script").write_text(f"{lines}\n", encoding="utf-8", newline="\n")
        return _run([program, "-v", "../script"], here)


def ssh(config: str, host: str) -> str:
    """What ssh makes of a configuration for that host: `ssh -G`, of which these lines."""
    if not shutil.which("ssh"):
        return say(zh="没有找到 ssh", en="ssh was not found")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "config"
        file.write_text(config, encoding="utf-8", newline="\n")
        said = _run(["ssh", "-G", "-F", str(file), host], Path(folder)).split("\n")
    return "\n".join(line for line in said if line.split(" ")[0] in ("hostname", "port", "user"))
