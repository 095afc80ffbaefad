"""How long a learner waits from save to verdict: `coach watch`, and `pytest --answers -k NAME`, in the same run.

python benchmarks/feedback.py [--saves 20] [--no-fork]
Works on a copy of the course in a temporary folder: nobody's answers.py is touched.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXERCISE, LESSON = "make_rays_1d", "part1_raytracing"
RIGHT, WRONG = "torch.linspace(-y_limit, y_limit, num_pixels)", "torch.linspace(0, y_limit, num_pixels)"
WATCH = """
import sys
from coach.commands.follow import TextTeller
from coach.running.watch import watch
from coach.words import show
from coach.course.workspace import Workspace
here = Workspace.here()
watch(here, [lesson for lesson in here.lessons if lesson.name == sys.argv[1]], TextTeller(show), fork=sys.argv[2] == "fork")
"""


def copy_of_course(folder: Path) -> Path:
    """A copy of the chapter without anyone's answers, and the solutions as day 1's answers."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    ignored = shutil.ignore_patterns("__pycache__", "answers.py", ".pytest_cache")
    shutil.copytree(ROOT / "chapter0_fundamentals", folder / "chapter0_fundamentals", ignore=ignored)
    lesson = folder / "chapter0_fundamentals" / "exercises" / LESSON
    text = (lesson / "solutions.py").read_text(encoding="utf-8")
    assert RIGHT in text, f"{EXERCISE} no longer holds {RIGHT!r}: adapt this benchmark"
    answers = lesson / "answers.py"
    answers.write_text(text, encoding="utf-8")
    return answers


def environment(folder: Path) -> dict[str, str]:
    paths = [str(ROOT), str(folder / "chapter0_fundamentals" / "exercises")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8", "COACH_LANG": "en"}


def save(answers: Path, text: str, wrong: bool) -> float:
    """Saves as an editor does, in place; when that was done."""
    data = (text.replace(RIGHT, WRONG, 1) if wrong else text).encode()
    before = time.perf_counter()
    answers.write_bytes(data)
    return before


def watched(answers: Path, folder: Path, saves: int, how: str) -> list[float]:
    """Milliseconds from before the save until the verdict's line is read, right and wrong in turn."""
    text, times = answers.read_text(encoding="utf-8"), []
    command = [sys.executable, "-u", "-P", "-c", WATCH, LESSON, how]
    with subprocess.Popen(
        command, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout
        ends = 0
        while ends < 2:  # one as it starts, one after the first judgement
            ends += process.stdout.readline().startswith("coach < ")
        for number in range(saves):
            time.sleep(0.3 if how == "fork" else 6)  # a spare process is ready by then
            wrong = number % 2 == 0
            before = save(answers, text, wrong)
            while not (line := process.stdout.readline()).startswith(("✓", "✗")):
                pass
            times.append(1000 * (time.perf_counter() - before))
            assert line.startswith(f"{'✗' if wrong else '✓'} {EXERCISE}"), line
            while not process.stdout.readline().startswith("coach < "):
                pass
        process.terminate()
    answers.write_text(text, encoding="utf-8")
    return times


def by_pytest(folder: Path, runs: int = 3) -> list[float]:
    """Milliseconds for a whole `pytest --answers -k NAME`."""
    times = []
    command = [sys.executable, "-m", "pytest", "-q", "--answers", "-k", EXERCISE, "-p", "no:cacheprovider"]
    for _ in range(runs):
        before = time.perf_counter()
        where = f"chapter0_fundamentals/exercises/{LESSON}"
        done = subprocess.run([*command, where], cwd=folder, env=environment(folder), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        times.append(1000 * (time.perf_counter() - before))
    return times


def row(name: str, times: list[float], base: float) -> str:
    median = statistics.median(times)
    return f"{name:32}{median:10.1f}{min(times):10.1f}{max(times):10.1f}{base / median:10.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--no-fork", action="store_true", help="measure the spare process of macOS and Windows too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coach 课程 ") as name:
        folder = Path(name)
        answers = copy_of_course(folder)
        pytest = by_pytest(folder)
        base = statistics.median(pytest)
        print(f"{'from save to verdict, ms':32}{'median':>10}{'min':>10}{'max':>10}{'ratio':>10}")
        print(row(f"pytest --answers -k {EXERCISE}", pytest, base)[:62])
        print(row("watch", watched(answers, folder, options.saves, "fork"), base))
        if options.no_fork:
            print(row("watch, without fork", watched(answers, folder, min(options.saves, 5), "spare"), base))


if __name__ == "__main__":
    main()
