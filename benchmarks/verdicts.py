"""How long a verdict takes, right and wrong, and how many of the known mistakes are named in that time.

python benchmarks/verdicts.py [LESSON ...]
"""

import importlib
import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as `coach check` judges

from coach import mistakes_of
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace


def timed(test: Any, given: dict[str, Any], right: dict[str, Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    verdict = test.judge(*(given[name] for name in test.exercises), like=right)
    return verdict, time.perf_counter() - began


def measured(lesson: Lesson) -> tuple[list[tuple[float, str]], list[tuple[float, str]], int, int]:
    """The seconds of right verdicts and of wrong ones, with what they are of; how many mistakes there are, and are named."""
    solutions, tests = (importlib.import_module(f"{lesson.name}.{part}") for part in ("solutions", "tests"))
    right, wrong, named = [], [], set()
    known = mistakes_of(lesson.name)
    for test in (value for value in list(vars(tests).values()) if hasattr(value, "judge")):
        answers = {name: getattr(solutions, name) for name in test.exercises}
        slow = " (trains)" if test.slow else ""
        right.append((timed(test, answers, answers)[1], f"{', '.join(test.exercises)}{slow}"))
        for mistake in (m for m in known if m.exercise in test.exercises):
            verdict, seconds = timed(test, answers | {mistake.exercise: mistake.function}, answers)
            if verdict.mark == "✗":
                wrong.append((seconds, f"{mistake.exercise}: {mistake.name}{slow}"))
                if verdict.mistake == mistake.name:
                    named.add((mistake.exercise, mistake.name))
    return right, wrong, len(known), len(named)


def main() -> None:
    rights, wrongs, known, named = [], [], 0, 0
    for lesson in Workspace.here().lessons:
        if sys.argv[1:] and lesson.name not in sys.argv[1:]:
            continue
        right, wrong, there, told = measured(lesson)
        print(f"{lesson.name}: {told} of {there} mistakes named", flush=True)
        rights, wrongs, known, named = rights + right, wrongs + wrong, known + there, named + told
    print(f"in all {named} of {known} named")
    for title, found in (("right", rights), ("wrong", wrongs)):
        print(f"{title}: median {1000 * statistics.median(s for s, _ in found):.0f} ms; the slowest:")
        for seconds, what in sorted(found, reverse=True)[:8]:
            print(f"  {seconds:.2f} s  {what}")


if __name__ == "__main__":
    main()
