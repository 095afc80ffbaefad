"""Opens a learner's file in VS Code where there is one, and is silent where there is none."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path


def open_at(path: Path, line: int) -> bool:
    """Whether VS Code was asked to show that line; never under CI or COACH_NO_EDITOR."""
    code = shutil.which("code")  # code.cmd on Windows
    if not code or os.environ.get("CI") or os.environ.get("COACH_NO_EDITOR"):
        return False
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run([code, "-g", f"{path}:{line}"], timeout=20, check=False, **quiet).returncode == 0
    return False
