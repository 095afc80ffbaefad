"""`FILE:LINE` wherever an exercise is named, and what a learner else calls things."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from minicourse import Mini

from coach.commands.root import coach as coach_group
from coach.course import lookup
from coach.words import Trouble

NUMBERS = "part0_numbers"
STUB = "raise NotImplementedError"
ABOVE = "# %% my own\nmine = 1\n\n"


def coach(*arguments: str) -> Result:
    return CliRunner().invoke(coach_group, list(arguments))


def line_of(path: Path, text: str, offset: int = 0) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(i for i, line in enumerate(lines, 1) if text in line) + offset


def at(mini: Mini, place: str) -> str:
    lesson, exercise = lookup.exercise_called(mini.workspace, place)
    return f"{lesson.name}.{exercise}"


@pytest.fixture
def numbers(mini: Mini) -> Path:
    return mini.begin(NUMBERS, (STUB, "return x + x"))


@pytest.mark.parametrize(
    ("text", "exercise"),
    [
        ('exercise="double"', "double"),
        ("def double", "double"),
        ("return x + x", "double"),
        ("test_double(double)", "double"),
        ("Exercise · doubling", "double"),
        ("Return it twice over.", "double"),
        ("# # Day 0 · numbers", "double"),
        ("from part0_numbers import tests", "double"),
        ("Exercise · a sum", "total"),
        ("def total", "total"),
        ("mend the mean", "mean"),
        ("result = value", "mean"),
        ("sum of an empty list", "mean"),
    ],
)
def test_a_line_belongs_to_the_exercise_it_is_in_or_states(mini: Mini, numbers: Path, text: str, exercise: str):
    assert at(mini, f"{numbers}:{line_of(numbers, text)}") == f"{NUMBERS}.{exercise}"


@pytest.mark.parametrize(
    ("text", "exercise"),
    [
        ("First hint", "double"),
        ("提示二", "double"),
        ("return 2 * x", "double"),
        ("Exercise · a sum", "total"),
        ("练习 · 求和", "total"),
        ("result += value", "total"),
        ("return sum(values)", "mean"),
        ("        result = value", "mean"),
        ("Zero.", "mean"),
    ],
)
def test_a_line_of_the_lesson_counts_too(mini: Mini, text: str, exercise: str):
    solutions = mini.lesson(NUMBERS).solutions
    assert at(mini, f"{solutions}:{line_of(solutions, text)}") == f"{NUMBERS}.{exercise}"


def test_every_line_of_a_lesson_belongs_to_some_exercise(mini: Mini, numbers: Path):
    for path in (numbers, mini.lesson(NUMBERS).solutions):
        found = [at(mini, f"{path}:{line}") for line in range(1, path.read_text(encoding="utf-8").count("\n") + 2)]
        order = [found[0], *(b for a, b in zip(found, found[1:], strict=False) if a != b)]
        assert order == [f"{NUMBERS}.{name}" for name in ("double", "total", "mean")]


@pytest.mark.parametrize("change", ["no Python", "a quote", "CRLF", "CR", "BOM", "GBK", "own cells", "no markers"])
def test_whatever_state_the_file_is_in(mini: Mini, numbers: Path, change: str):
    text = numbers.read_text(encoding="utf-8")
    if change == "no Python":
        text = text.replace("return x + x", "return ((")
    elif change == "a quote":
        text = text.replace('"""The sum of', "The sum of")
    elif change == "own cells":
        text = text.replace("# %% [markdown]", ABOVE + "# %% [markdown]")
    elif change == "no markers":
        text = "\n".join(line for line in text.split("\n") if not line.startswith("# %%"))
    lines = text.split("\n")
    data = text.replace("\n", {"CRLF": "\r\n", "CR": "\r"}.get(change, "\n"))
    numbers.write_bytes(data.encode("utf-8-sig" if change == "BOM" else "gbk" if change == "GBK" else "utf-8"))
    for name in ("double", "total", "mean"):
        line = next(i for i, line in enumerate(lines, 1) if line.startswith(f"def {name}"))
        assert at(mini, f"{numbers}:{line}") == f"{NUMBERS}.{name}"


def test_a_helper_beside_the_exercise_and_a_cell_cut_in_two(mini: Mini):
    path = mini.begin(NUMBERS, ("def double", "def half(x):\n    return x / 2\n\n\n# %%\ndef double"))
    assert at(mini, f"{path}:{line_of(path, 'def half')}") == f"{NUMBERS}.double"
    assert at(mini, f"{path}:{line_of(path, 'def double')}") == f"{NUMBERS}.double"


@pytest.mark.parametrize("ending", ["", ":", ":5", ":5:", "：5"])
def test_places_are_written_in_many_ways(mini: Mini, numbers: Path, monkeypatch: pytest.MonkeyPatch, ending: str):
    line = line_of(numbers, "def total")
    relative = numbers.relative_to(mini.root)
    for name in (
        str(numbers),
        str(relative),
        f"./{relative}",
        relative.as_posix(),
        os.path.join("chapter0_fundamentals", "..", relative),
    ):
        assert at(mini, f"{name}:{line}{ending}") == f"{NUMBERS}.total", name
    monkeypatch.chdir(numbers.parent)
    assert at(mini, f"answers.py:{line}{ending}") == f"{NUMBERS}.total"
    assert at(mini, f"{relative}:{line}{ending}") == f"{NUMBERS}.total", "as a task prints it, from the root"
    assert at(mini, f"answers.py：{line}") == f"{NUMBERS}.total"


@pytest.mark.parametrize(
    ("place", "file", "line"),
    [
        (r"C:\课程 of mine\part0\answers.py:12", r"C:\课程 of mine\part0\answers.py", "12"),
        (r"c:/course/answers.py:12:3", "c:/course/answers.py", "12"),
        (r"\\server\share\answers.py:12:", r"\\server\share\answers.py", "12"),
        ("a:1/answers.py:12", "a:1/answers.py", "12"),
    ],
)
def test_a_drive_s_letter_is_no_line(place: str, file: str, line: str):
    found = lookup.AT_LINE.fullmatch(place)
    assert found and found.group(1, 2) == (file, line)


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a right for links")
def test_a_linked_answers_file_is_its_lesson_s_under_both_names(mini: Mini, numbers: Path):
    elsewhere = mini.root / "notes" / "mine.py"
    elsewhere.parent.mkdir()
    numbers.rename(elsewhere)
    numbers.symlink_to(elsewhere)
    line = line_of(elsewhere, "def total")
    assert at(mini, f"{numbers}:{line}") == at(mini, f"{elsewhere}:{line}") == f"{NUMBERS}.total"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{answers}:0", "has \\d+ lines only"),
        ("{answers}:9999", "has \\d+ lines only"),
        ("{folder}/nowhere.py:3", "There is no file"),
        ("{boxes}/answers.py:3", "coach start 1"),
        ("nowhere.py:3", "belongs to no lesson"),
        ("{root}/pyproject.py:3", "belongs to no lesson"),
        ("{folder}/tests.py:3", "no exercise around"),
        ("{answers}", "Say which exercise"),
        ("{answers}:", "Say which exercise|belongs to no lesson"),
        ("{answers}:" + "9" * 5000, "belongs to no lesson|has \\d+ lines only|Say which"),
    ],
)
def test_what_is_no_place_says_why(mini: Mini, numbers: Path, place: str, said: str):
    names = {
        "answers": numbers,
        "folder": numbers.parent,
        "boxes": mini.lesson("part1_boxes").folder,
        "root": mini.root,
    }
    with pytest.raises(Trouble) as trouble:
        lookup.exercise_called(mini.workspace, place.format(**names))
    assert re.search(said, str(trouble.value)), str(trouble.value)


@pytest.mark.parametrize("command", [["check"], ["solution"], ["hint"], ["reset"]])
def test_every_command_takes_a_place(mini: Mini, numbers: Path, command: list[str]):
    result = coach(*command, f"{numbers}:{line_of(numbers, 'return x + x')}")
    assert result.exit_code == 0, result.output
    expected = {
        "check": "✓ double",
        "solution": "+    return 2 * x",
        "hint": "First hint",
        "reset": "double is its stub",
    }
    assert expected[command[0]] in result.output and "total" not in result.output


def test_watch_takes_a_place(mini: Mini, numbers: Path, monkeypatch: pytest.MonkeyPatch):
    from coach.commands import follow

    seen = []
    monkeypatch.setattr(
        follow, "follow", lambda workspace, lessons, only, **options: seen.append((lessons[0].name, only))
    )
    assert coach("watch", f"{numbers}:{line_of(numbers, 'def total')}").exit_code == 0
    assert seen == [(NUMBERS, "total")]


def test_what_comes_next_is_told_by_name(mini: Mini, numbers: Path):
    place = f"{numbers}:{line_of(numbers, 'def total')}"
    assert "coach solution total --reveal" in coach("solution", place).output
    for _ in range(2):
        told = coach("hint", place).output
    assert "coach solution total --reveal" in told
    boxes = mini.begin("part1_boxes")
    assert "coach check part1_boxes.size" in coach("solution", f"{boxes}:{line_of(boxes, 'def size')}").output
