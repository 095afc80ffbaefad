"""A percent script run cell by cell, as a kernel runs it, in a process of its own."""

import functools
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.words import say

LONGEST = 900  # seconds that a whole lesson may take


@dataclass(frozen=True)
class Ran:
    """What a code cell printed and, where it ended in an error, which; `first` is its first line."""

    first: str
    output: str
    error: str


@functools.lru_cache(maxsize=64)  # of every lesson both languages, which several rules look at
def run(workspace: Workspace, lesson: Lesson, text: str, lang: str) -> tuple[Ran, ...]:
    """Each code cell of `text`, in order and in one namespace; the same text is run once."""
    environment = workspace.environment() | {"PLOTLY_RENDERER": "json", "MPLBACKEND": "Agg", "COACH_LANG": lang}
    environment.pop("PYTEST_CURRENT_TEST", None)
    command = [sys.executable, "-m", "coach.rules.cells", str(lesson.solutions)]
    with tempfile.TemporaryDirectory() as folder:  # a lesson may write files
        try:
            done = subprocess.run(
                command, input=text, capture_output=True, env=environment, encoding="utf-8", cwd=folder, timeout=LONGEST
            )
        except subprocess.TimeoutExpired:
            return (Ran("", "", say(zh=f"{LONGEST} 秒还没有结束", en=f"not done after {LONGEST} s")),)
    if done.returncode:
        last = done.stderr.strip().split("\n")[-1]
        return (Ran("", "", say(zh=f"进程提前结束：{last}", en=f"the process ended: {last}")),)
    return tuple(Ran(*one) for one in json.loads(done.stdout.rpartition("\n")[2]))


def main() -> None:
    """Runs the script on the standard input, and prints what came of its cells as one line of JSON."""
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    from IPython.core.interactiveshell import InteractiveShell

    from coach.course.percent import parse

    text, shell, found = sys.stdin.read(), InteractiveShell(), []
    shell.user_ns["__file__"] = sys.argv[1]
    shell.display_pub.publish = lambda *args, **more: None  # a figure is not printed
    shell.showtraceback = lambda *args, **more: None  # type: ignore[method-assign]
    for cell in (cell for cell in parse(text).cells if cell.cell_type == "code"):
        with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()):
            done = shell.run_cell(cell.source)
        error = done.error_in_exec or done.error_before_exec
        first = next(iter(cell.source.split("\n")), "")
        found.append((first, output.getvalue(), f"{type(error).__name__}: {error}" if error else ""))
    sys.stdout.write("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
