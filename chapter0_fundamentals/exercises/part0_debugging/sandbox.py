"""Python run for real, in a process of its own and in a folder that is gone afterwards."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def _run(words: Sequence[str], here: Path) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=here,
        env=kept | {"PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout.rstrip()


def pytest(text: str) -> str:
    """What pytest says of a test file with that text."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder)
        (here / "test_it.py").write_text(text, encoding="utf-8")
        (here / "pytest.ini").write_text("[pytest]\n", encoding="ascii")
        options = ["-q", "--tb=short", "-p", "no:cacheprovider", "--basetemp=temp", "--color=no"]
        return _run(["-m", "pytest", *options], here)
