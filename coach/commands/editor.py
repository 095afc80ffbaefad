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
        command = [code, "-g", f"{path}:{line}"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
        return done.returncode == 0
    return False
