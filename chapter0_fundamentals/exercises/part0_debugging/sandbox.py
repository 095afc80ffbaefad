"""Python, pytest and pdb run for real, each in a process of its own and in a folder that is gone afterwards."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent


def _run(words: Sequence[str], here: Path, typed: str = "") -> str:
    """What Python prints with those arguments, in that folder; paths are cut to what matters."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=here,
        env=kept | {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    said = done.stdout.rstrip()
    for folder in dict.fromkeys((str(here.resolve()), str(here))):
        said = said.replace(folder + os.sep, "")
    return re.sub(r'"[^"\n]*site-packages', '"…', said)


def pytest(text: str, *options: str, names: Sequence[str] = ("test_it.py",)) -> str:
    """What pytest says of a folder in which files of these names have that text."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder)
        for name in names:
            (here / name).write_text(text, encoding="utf-8")
        (here / "pytest.ini").write_text("[pytest]\n", encoding="ascii")
        fixed = ["-q", "--tb=short", "-p", "no:cacheprovider", "--basetemp=temp", "--color=no"]
        return _run(["-m", "pytest", *fixed, *options], here)


def python(text: str, *options: str, typed: str = "") -> str:
    """What a script with that text prints, its error included; `options` stand before its name."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder)
        (here / "script.py").write_text(dedent(text).strip() + "\n", encoding="utf-8")
        return _run([*options, "script.py"], here, typed)


def pdb(text: str, commands: Sequence[str]) -> str:
    """What Python's own debugger says of a script with that text, after each of the commands."""
    said = python(text, "-m", "pdb", typed="".join(f"{command}\n" for command in [*commands, "q"]))
    _, *answers = f"{said} ".split("(Pdb) ")  # what stands before the first is only the script's first line
    lines = [
        line
        for command, answer in zip(commands, answers, strict=False)
        for line in (f"(Pdb) {command}", *answer.rstrip().split("\n"))
        if line and not re.search(r"^ {4}|bdb\.py|pdb\.py|<string>|exec\(|runpy|^ +File |Traceback|restart the", line)
    ]
    return "\n".join(lines)
