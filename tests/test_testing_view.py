"""The Testing view (`pytest --answers`) and `coach check` say the same of the same file."""

import json
import os
import subprocess
import sys

import pytest

NUMBERS = "part0_numbers"
STUB = "raise NotImplementedError"
MENDED = ("result = value", "result += value")
DOUBLE = "def double(x: float) -> float:"


def run(mini, *words: str) -> subprocess.CompletedProcess:
    env = os.environ | mini.workspace.environment() | {"COACH_LANG": "en"}
    env.pop("PYTEST_CURRENT_TEST", None)
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=mini.root, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


def checked(mini) -> dict[str, dict]:
    """The verdicts of `coach check`, by test."""
    done = run(mini, "-P", "-m", "coach.cli", "check", NUMBERS, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["test"]: line for line in lines if line["kind"] == "verdict"}


def viewed(mini, *more: str) -> tuple[dict[str, str], str]:
    """The outcome of each test in the Testing view, and all that was printed."""
    folder = f"chapter0_fundamentals/exercises/{NUMBERS}/tests.py"
    done = run(mini, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "-rA", "--answers", folder, *more)
    words = {"PASSED": "right", "FAILED": "wrong", "ERROR": "wrong", "SKIPPED": "unwritten"}
    found = {}
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word in words and "::" in rest:
            found[rest.split("::")[1].split(" ")[0]] = words[word]
    return found, done.stdout


@pytest.mark.parametrize(
    ("double", "total"),
    [
        ("return 2 * x", "while True: pass"),
        ("import warnings; warnings.warn('of the learner'); return 2 * x", "return 1 / 0"),
        ('"""$x \\in R$"""\n    return 2 * x', "return None"),
        ("breakpoint(); return 2 * x", "import sys; sys.exit(3)"),
        ("return x**2", "return float(input())"),
    ],
)
def test_the_same_is_said_of_the_same_file(mini, double, total):
    mini.begin(NUMBERS, MENDED, (STUB, double), (STUB, total))
    by_check, (by_view, text) = checked(mini), viewed(mini)
    for test, verdict in by_check.items():
        if verdict["mark"] != "unwritten":
            assert by_view[test] == verdict["mark"], (test, verdict, text)
        if verdict["mark"] == "wrong":
            assert f"✗ {', '.join(verdict['exercises'])}: {verdict['why']}" in text


def test_the_verdict_stands_first_and_alone(mini):
    mini.begin(NUMBERS, MENDED, (STUB, "return x**2"))
    _, text = viewed(mini)
    section = text.split("test_double ___")[1].splitlines()
    assert section[1].startswith("✗ double: the values differ")
    assert any("That is the square, not the double." in line for line in section)
    assert "coach/judging" not in text and "WrongAnswer" not in text and "def test_double" not in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (DOUBLE, "def twice(x: float) -> float:", "there is no `double` in answers.py"),
        (DOUBLE, "def double(x: float) -> float", "SyntaxError"),
        (DOUBLE, "nothing_of_this_name\n\n\n" + DOUBLE, "NameError"),
        (DOUBLE, "%matplotlib inline\n\n\n" + DOUBLE, "cell"),
    ],
)
def test_a_file_that_cannot_be_judged_is_told_in_the_same_words(mini, old, new, said):
    mini.begin(NUMBERS, MENDED, (old, new))
    verdict = next(v for v in checked(mini).values() if v["mark"] == "wrong")
    _, text = viewed(mini)
    assert said in verdict["why"] and verdict["why"].splitlines()[0] in text


def test_an_untouched_debugging_exercise_is_reported_only_by_name(mini):
    mini.begin(NUMBERS, (STUB, "return 2 * x"))
    assert checked(mini)["test_mean"]["mark"] == "unwritten"
    assert viewed(mini)[0]["test_double"] == "right" and "✗ mean" not in viewed(mini)[1]
    done = run(mini, "-P", "-m", "coach.cli", "check", "mean")
    assert done.returncode == 1 and "✗ mean" in done.stdout
    assert viewed(mini, "-k", "test_mean")[0]["test_mean"] == "wrong"
