"""The command line as a learner and a script meet it: what it says, in which language, and its exit codes."""

import codecs
import contextlib
import encodings.aliases
import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import nbformat
import pytest
from click.testing import CliRunner, Result
from minicourse import LESSONS, Mini, obstruct

from coach.answers import notebook
from coach.commands.group import COMMANDS
from coach.commands.questions import key_of
from coach.commands.root import coach as coach_group
from coach.course.percent import write
from coach.state import State
from coach.words import language, show, survive_any_console

NUMBERS, WORDS, BOXES = "part0_numbers", "part0_words", "part1_boxes"
STUB = "raise NotImplementedError"
RIGHT_DOUBLE = (STUB, "return x + x")
RIGHT_TOTAL = (STUB, "return sum(values)")
RIGHT_MEAN = ("        result = value\n    return", "        result += value\n    return")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--lang` sets COACH_LANG for the process: it is put back after each test. Wide enough that nothing wraps."""
    monkeypatch.setenv("COACH_LANG", "en")
    monkeypatch.setenv("COLUMNS", "120")


def coach(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(coach_group, list(arguments), input=stdin)


def said(result: Result, code: int = 0) -> str:
    """What the command printed; it ended with `code` and without a traceback."""
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`coach` in a process of its own."""
    command = [sys.executable, "-m", "coach.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, env=os.environ | environment, check=False, stdin=subprocess.DEVNULL
    )


# quick, and said twice


def test_help_imports_nothing_slow():
    script = "import sys, coach.cli\ntry: coach.cli.main()\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script, "--help"], capture_output=True, check=True, encoding="utf-8")
    slow = {
        "torch",
        "jupytext",
        "beartype",
        "numpy",
        "nbformat",
        "coach.judging.judge",
        "click.testing",
        "rich.console",
        "watchfiles",
    }
    assert not slow & set(done.stdout.split()) and "coach.course.lesson" in done.stdout.split()


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("name", ["click", "coach.words", "coach.course.lookup", "coach.commands.follow", "watchfiles"])
def test_ctrl_c_while_it_starts_leaves_no_traceback(mini: Mini, name: str):
    script = f"""if True:
        import os, signal, sys
        from coach.cli import main
        class CtrlC:
            def find_spec(name, *_):
                if name == {name!r}:
                    os.kill(os.getpid(), signal.SIGINT)
        sys.meta_path.insert(0, CtrlC)
        main()
    """
    done = subprocess.run([sys.executable, "-c", script, "watch"], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize(("name", "arguments"), [("random", ["progress"]), ("queue", ["check"])])
def test_a_scratch_file_that_hides_pythons_own_is_named(mini: Mini, name: str, arguments: list[str]):
    mini.begin(NUMBERS)
    (mini.root / f"{name}.py").write_text("x = 1\n")
    done = run(*arguments, PYTHONIOENCODING="utf-8")  # without -P: as a learner types it
    told = done.stderr.decode("utf-8")
    assert f"{name}.py" in told and "rename it" in told and "Traceback" not in told and done.returncode == 1


NEEDED = {  # a package that is missing, and a command that wants it
    "click": ["doctor"],
    "rich": ["progress"],
    "filelock": ["reset", "double"],
    "jupytext": ["contents"],
    "nbformat": ["notebook", "0"],
    "watchfiles": ["watch", "--json"],
}


@pytest.mark.parametrize("package", NEEDED)
def test_the_wrong_interpreter_is_told_what_to_do(mini: Mini, package: str):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    code = f"import sys; sys.modules['{package}'] = None; sys.argv[1:] = {NEEDED[package]!r}; import coach.__main__"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    told = done.stderr.decode("utf-8")
    assert done.returncode == 2 and "Traceback" not in told, told
    assert f"{sys.executable} lacks {package}" in told and "pip install -r requirements.txt" in told and "缺少" in told


@pytest.mark.parametrize("name", [*COMMANDS, ""])
def test_every_command_helps_in_both_languages(mini: Mini, name: str):
    text = said(coach(*[name] * bool(name), "--help"))
    described = text.partition("Options:")[0]
    assert re.search(r"[一-鿿]{3}", described) and re.search(r"[a-z]{3} [a-z]", described)
    if not name:
        for command in COMMANDS:
            assert re.search(rf"^  {command} +[A-Z].*\. .*[一-鿿].*。$", text, re.MULTILINE), command


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        ("check --foo", "没有 --foo 这个选项", "there is no option --foo"),
        ("check --memry 1", "是不是 --memory？", "did you mean --memory?"),
        ("check a b", "多了 b", "unexpected: b"),
        ("hint", "缺少 EXERCISE|FILE:LINE", "EXERCISE|FILE:LINE is missing"),
        ("check --timeout", "--timeout 后面要有一个值", "requires an argument"),
        ("hint --all=3 double", "--all 后面没有值", "does not take a value"),
        (
            "check --timeout 0",
            "--timeout 的值不对，应是 0.01 到 86400 之间的数",
            "should be a number from 0.01 to 86400",
        ),
        ("check --memory 0", "--memory 的值不对，应是 0.1 到 65536 之间的数", "should be a number from 0.1 to 65536"),
        ("book --port 65536", "--port 的值不对，应是 0 到 65535 之间的数", "should be a number from 0 to 65535"),
        ("--lang fr", "--lang 的值不对，可以是：zh, en", "the value of --lang is wrong, it may be zh, en"),
        ("notebook 0 --output .", "--output 的值不对", "the value of --output is wrong"),
    ],
)
def test_wrong_words_are_named_in_the_learners_language(mini: Mini, monkeypatch, words: str, zh: str, en: str):
    for lang, expected in (("zh", zh), ("en", en)):
        monkeypatch.setenv("COACH_LANG", lang)
        text = said(coach(*words.split()), 2)
        assert expected in text and not re.search(r"Usage:|Error:", text)


def numbers() -> list[tuple[str, str]]:
    """Every command's every option that takes a number."""
    found = []
    for name in COMMANDS:
        command = coach_group.get_command(click.Context(coach_group), name)
        assert command
        for option in command.params:
            if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType):
                found.append((name, option.opts[0]))
    return found


@pytest.mark.parametrize(("name", "option"), numbers())
def test_a_number_that_is_none_or_far_off_is_named(mini: Mini, name: str, option: str):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    for value in ("nan", "inf", "-inf", "1e20", "1e308", "-1", "1e-9", "0x10", "", "x", "9" * 5000):
        told = said(coach(name, option, value), 2)
        assert f"the value of {option} is wrong" in told and "should be a number from" in told


@pytest.mark.parametrize("command", ["check", "solution", "hint", "reset", "report", "start", "update", "read"])
@pytest.mark.parametrize("name", ["1" * 5000, "day" + "9" * 5000, "answers.py:" + "1" * 5000])
def test_a_number_of_any_length_is_no_name(mini: Mini, command: str, name: str):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    said(coach(command, name), 2)


def test_exit_codes_are_in_the_help_of_check(mini: Mini):
    text = said(coach("check", "--help"))
    assert "0 all right" in text and "1 something is wrong" in text and "3 nothing is wrong" in text


# where the learner stands


def test_coach_alone_says_what_to_do_next(mini: Mini):
    assert "coach start 1" in said(coach())
    path = mini.begin(NUMBERS, RIGHT_DOUBLE)
    text = said(coach())
    assert "Day 0 · numbers: 1 of 3 are still stubs" in text
    line = (
        path.read_text(encoding="utf-8").split("\n").index('# %% exercise="total" difficulty=2 importance=3 minutes=10')
    )
    assert f"Next: total  {path.relative_to(mini.root)}:{line + 1}" in text


# start


def test_start_makes_the_files_of_a_day_and_says_where_to_go(mini: Mini):
    text = said(coach("start", "0"))
    for name in (NUMBERS, WORDS):
        assert mini.lesson(name).answers.read_text(encoding="utf-8") == mini.lesson(name).view("en")
    assert not mini.lesson(BOXES).started
    numbers, words = (mini.lesson(name).answers.stat().st_mtime_ns for name in (NUMBERS, WORDS))
    assert numbers >= words  # `coach check` begins with the day's first lesson
    assert "doubling" in text and "mend the mean" in text
    assert "Sitting 1 · Day 0 · numbers  (part0_numbers)" in text and "3 exercises, about 25 min" in text
    assert "2 exercises, about 10 min" in text and "This day is 2 sittings" in text
    place = re.search(r"Begin here: (.+):(\d+)$", text, re.MULTILINE)
    assert place and Path(place[1]).read_text(encoding="utf-8").split("\n")[int(place[2]) - 1].startswith(
        "# %% exercise="
    )


def test_start_again_leaves_the_file_alone(mini: Mini):
    path = mini.begin(BOXES, (STUB, "return 1"))
    before = path.read_bytes()
    assert "left alone" in said(coach("start", "1"))
    assert path.read_bytes() == before


def test_start_without_a_day_goes_on(mini: Mini):
    for lesson in (BOXES, "part2_later", NUMBERS):  # day 1, then the next one, then what was left out
        said(coach("start"))
        assert mini.lesson(lesson).started
    assert "left alone" in said(coach("start"))


@pytest.mark.parametrize("name", ["1", "day1", "Day 1", "part1", "part1_boxes", "boxes", "第1天"])
def test_a_day_has_many_names(mini: Mini, name: str):
    said(coach("start", name))
    assert mini.lesson(BOXES).started and not mini.lesson("part2_later").started


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for VS Code is a shell script")
@pytest.mark.parametrize("status", [0, 1])
def test_start_opens_the_file_in_vs_code(mini: Mini, monkeypatch: pytest.MonkeyPatch, status: int):
    folder = mini.root / "bin"
    folder.mkdir()
    (folder / "code").write_text(
        f'#!/bin/sh\nprintf "%s|" "$@" > "{mini.root}/opened"\nexit {status}\n', encoding="utf-8"
    )
    (folder / "code").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CI", raising=False)
    said(coach("start", "1"))
    assert not (mini.root / "opened").exists()  # COACH_NO_EDITOR
    monkeypatch.delenv("COACH_NO_EDITOR")
    said(coach("start", "1"))
    answers = mini.lesson(BOXES).answers
    assert (mini.root / "opened").read_text(encoding="utf-8") == f"-g|{answers}:8|"
    (mini.root / "opened").unlink()
    monkeypatch.setenv("CI", "true")
    said(coach("start", "1"))
    assert not (mini.root / "opened").exists()


# the language


def test_the_language_is_chosen_stored_and_else_the_systems(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COACH_LANG", "")
    for system, answer in (("zh_CN.UTF-8", "还没有开始"), ("de_DE.UTF-8", "Nothing is begun")):
        # Where that locale isn't installed, an old Python would read a .pth with Chinese in it as ASCII.
        assert answer in run(COACH_LANG="", LC_ALL=system, PYTHONUTF8="1").stdout.decode("utf-8")
    assert "从这里开始" in said(coach("start", "1", "--lang", "zh"))
    assert State(mini.workspace.memory / "state.json").lang == "zh"
    assert "练习 · 体积" in mini.lesson(BOXES).answers.read_text(encoding="utf-8")
    monkeypatch.setenv("COACH_LANG", "")
    assert "下一步" in said(coach())
    assert "Next" in said(coach("--lang", "en"))
    monkeypatch.setenv("COACH_LANG", "")
    assert "Next" in said(coach())


# check


def test_check_says_each_verdict_and_exits_by_the_worst(mini: Mini):
    path = mini.begin(NUMBERS, (STUB, "return x**2"), RIGHT_TOTAL)
    text = said(coach("check"), 1)
    assert "✗ double" in text and "✓ total" in text and "○ mean: still as the lesson gives it" in text
    assert "That is the square, not the double." in text and "✓ 1  ✗ 1  ○ 1" in text
    line = path.read_text(encoding="utf-8").split("\n").index("def double(x: float) -> float:") + 1
    place = rf"^chapter0_fundamentals/exercises/{NUMBERS}/answers.py:{line}:\d+: error: double: "
    assert not re.search(place, text, re.MULTILINE), "lines for a problem matcher are for tasks"
    assert re.search(place, said(coach("check", "--problems"), 1), re.MULTILINE)
    assert "✓ total" in said(coach("check", "total"), 0)
    mini.begin(NUMBERS, RIGHT_DOUBLE, RIGHT_TOTAL, RIGHT_MEAN)
    assert "✓ 3  ✗ 0  ○ 0" in said(coach("check", str(path)), 0)
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    assert "○ total" in said(coach("check", "part0_numbers.total"), 3)


def test_check_takes_the_file_saved_last_and_a_day_takes_all(mini: Mini):
    numbers, words = mini.begin(NUMBERS), mini.begin(WORDS, (STUB, "return word.upper()"))
    os.utime(numbers, ns=(1, 1))
    text = said(coach("check"), 3)
    assert "✓ loud" in text and "double" not in text
    os.utime(words, ns=(0, 0))
    assert "○ double" in said(coach("check"), 3)
    text = said(coach("check", "0"), 3)
    assert "○ double" in text and "✓ loud" in text


def test_an_endless_loop_ends_at_the_time_asked_for(mini: Mini):
    mini.begin(BOXES, (STUB, "while True:\n        pass"))
    assert "✗ size" in said(coach("check", "size", "--timeout", "0.5"), 1)


def test_ambiguous_names_go_to_what_is_begun_or_ask(mini: Mini):
    text = said(coach("check", "size"), 2)
    assert "part0_words.size" in text and "part1_boxes.size" in text
    assert "Hint: `len`" in said(coach("hint", "part0_words.size")).replace("Hint: len", "Hint: `len`")
    mini.begin(BOXES)
    assert "○ size" in said(coach("check", "size"), 3)
    mini.begin(WORDS)
    assert "Say which" in said(coach("check", "size"), 2)


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["chek"], "coach check"),
        (["check", "dubble"], "double"),
        (["check", "Double"], "double"),
        (["hint", "part0_numbers.totl"], "total"),
        (["start", "boxs"], "boxes"),
        (["check", "part1_box"], "part1_boxes"),
    ],
)
def test_did_you_mean(mini: Mini, arguments: list[str], meant: str):
    text = said(coach(*arguments), 2)
    assert re.search(rf"Did you mean .*\b{meant}\b", text), text


@pytest.mark.parametrize(
    "arguments", [["zzzzzz"], ["check", "qqqqqq"], ["start", "9"], ["check", "9"], ["check", "/etc/x.py"]]
)
def test_what_is_like_nothing_gets_no_suggestion(mini: Mini, arguments: list[str]):
    assert "Did you mean" not in said(coach(*arguments), 2)


@pytest.mark.parametrize(
    "command", [["check"], ["watch"], ["progress"], ["update"], ["questions"], ["read"], ["notebook"]]
)
def test_before_the_start_every_command_says_how_to_start(mini: Mini, command: list[str]):
    assert "coach start 1" in said(coach(*command), 2)


@pytest.mark.parametrize(
    "command", [["check", "2"], ["check", "opposite"], ["watch", "2"], ["update", "2"], ["solution", "opposite"]]
)
def test_a_day_not_begun_says_how_to_start(mini: Mini, command: list[str]):
    mini.begin(NUMBERS)
    assert "coach start 2" in said(coach(*command), 2)


# hints, solutions, questions


def test_hints_come_one_at_a_time(mini: Mini):
    first, second, third = (said(coach("hint", "double")) for _ in range(3))
    assert "First hint" in first and "Second hint" not in first and "1 of 2" in first
    assert "Second hint" in second and "First hint" not in second and "--reveal" not in second
    assert "First hint" in third and "Second hint" in third and "coach solution double" in third
    every = said(coach("hint", "total", "--all"))
    assert "use a loop" in every and "That is all" in said(coach("hint", "total"))


def test_hints_of_namesakes_are_counted_apart(mini: Mini):
    said(coach("hint", "part0_words.size"))
    assert "That is all" not in said(coach("hint", "part1_boxes.size"))


def test_a_solution_is_shown_after_passing_or_on_reveal(mini: Mini):
    mini.begin(NUMBERS, (STUB, "return 0 * x"))
    text = said(coach("solution", "double"), 1)
    assert "+    return 2 * x" not in text and "--reveal" in text
    text = said(coach("solution", "double", "--reveal"))
    assert "\n-    return 0 * x" in text and "\n+    return 2 * x" in text and "# solution" not in text
    assert "+    return 2 * x" not in said(coach("solution", "total"), 3)
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    assert "\n-    return x + x" in said(coach("solution", "double"))
    mini.begin(NUMBERS, (STUB, "return 2 * x"))
    assert "letter for letter" in said(coach("solution", "double"))


def test_the_solution_of_a_debugging_exercise_is_its_mended_code(mini: Mini):
    assert "\n+    return sum(values) / len(values)" in said(coach("solution", "mean", "--reveal"))


def test_questions_without_a_terminal_are_shown(mini: Mini):
    text = said(coach("questions", "0"))
    assert "No terminal" in text and text.index("sum of an empty list") < text.index("Zero.") < text.index(
        "And its mean?"
    )


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: self.name == "<stdin>", raising=False)


def test_questions_are_asked_and_marked_by_the_learner(mini: Mini, terminal: None):
    text = said(coach("questions", "0", stdin="nothing\np\n\ny\n"))
    assert text.index("sum of an empty list") < text.index("Your answer") < text.index("Zero.")
    assert "coach check total" in text
    marks = json.loads((mini.workspace.memory / "state.json").read_text(encoding="utf-8"))["questions"]
    assert list(marks.values()) == ["partly", "yes"] or list(marks.values()) == ["yes", "partly"]
    listed = said(coach("questions", "0", "--list")).splitlines()
    assert [line[0] for line in listed] == ["·", "✓"] and "Zero." not in listed[0]


def test_questions_end_at_q_before_the_answer(mini: Mini, terminal: None):
    text = said(coach("questions", "0", stdin="q\n"))
    assert "Zero." not in text and "And its mean?" not in text
    assert "And its mean?" not in said(coach("questions", "0", stdin="\n"))  # the input ends: so do the questions


# progress


def test_progress_counts_what_the_tests_say(mini: Mini, terminal: None):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    mini.begin(BOXES, ("    raise NotImplementedError", "    x = = 1"))
    said(coach("questions", "0", stdin="\ny\n\nn\n"))
    rows = {line.split("  ")[0]: line.split() for line in said(coach("progress")).splitlines()}
    numbers, boxes = rows["Day 0 · numbers"], rows["Day 1 · boxes"]
    assert numbers[4:8] == ["1", "0", "2", "20"] and numbers[-1] == "mean" and "no" in numbers
    assert boxes[4:8] == ["0", "2", "0", "10"]
    assert "total" not in said(coach("progress")) and not any(
        "verdict" in p.name for p in mini.workspace.memory.iterdir()
    )


# update, reset, undo


def test_update_reports_what_it_skipped(mini: Mini):
    said(coach("start", "0"))
    path = mini.lesson(NUMBERS).answers
    path.write_text(path.read_text(encoding="utf-8").replace("The first", "My first"), encoding="utf-8", newline="\n")
    lesson = mini.lesson(NUMBERS).solutions
    text = (
        lesson.read_text(encoding="utf-8").replace("The first sentence.", "Another.").replace("The sum of", "A sum of")
    )
    lesson.write_text(text, encoding="utf-8", newline="\n")
    told = said(coach("update"))
    assert f"{path.relative_to(mini.root)}:4  " in told and "\n    # Another.\n" in told
    assert "part0_words/answers.py: nothing to change" in told
    assert "A sum of" in path.read_text(encoding="utf-8") and "My first" in path.read_text(encoding="utf-8")
    assert "before update" in said(coach("undo")) and "A sum of" not in path.read_text(encoding="utf-8")


def test_reset_and_undo(mini: Mini):
    path = mini.begin(NUMBERS, RIGHT_DOUBLE)
    before = path.read_bytes()
    assert f"{path.relative_to(mini.root)}:12" in said(coach("reset", "double"))
    assert path.read_text(encoding="utf-8") == mini.lesson(NUMBERS).view("en")
    kept = re.search(r"until now is in (.+)$", said(coach("undo", "0")), re.MULTILINE)
    assert path.read_bytes() == before
    assert kept and Path(kept[1]).read_text(encoding="utf-8") == mini.lesson(NUMBERS).view("en")
    assert "nothing to undo" in said(coach("undo"), 2)


def revise(mini: Mini, *changes: tuple[str, str]) -> None:
    path = mini.lesson(NUMBERS).solutions
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8", newline="\n")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_update_says_what_came_in_and_what_was_left_out(mini: Mini, monkeypatch: pytest.MonkeyPatch, lang: str):
    monkeypatch.setenv("COACH_LANG", lang)
    said(coach("start", "0"))
    path = mini.lesson(NUMBERS).answers
    text = path.read_text(encoding="utf-8")
    for old, new in (
        (f"\n    {STUB}\n", "\n    return x + x\n"),
        (f"\n    {STUB}\n", "\n    return sum(values)\n"),
    ):
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8", newline="\n")
    thrice = (
        LESSONS[NUMBERS]["solutions"].split('# %% exercise="double"')[1].split("# %%")[0].replace("double", "thrice")
    )
    revise(
        mini,
        ("total(values: list[float])", "total(numbers: list[float])"),
        ('# %% exercise="mean"', '# %% exercise="thrice"' + thrice + '# %% exercise="mean"'),
    )
    told = said(coach("update", "numbers"))
    text = path.read_text(encoding="utf-8")
    assert "return sum(values)" in text and "def total(values" in text and "def thrice(x: float)" in text
    line = text.split("\n").index('# %% exercise="thrice" difficulty=1 importance=4 minutes=5') + 1
    assert f"thrice  {path.relative_to(mini.root)}:{line}" in told
    line = text.split("\n").index('# %% exercise="total" difficulty=2 importance=3 minutes=10') + 1
    assert (
        f"answers.py:{line}  " in told
        and "values" in told
        and "\n    def total(numbers: list[float]) -> float:" in told
    )
    assert "return sum" not in told, "only the lesson's lines are shown"


def test_update_says_what_an_exercise_is_called_now(mini: Mini):
    path = mini.begin(NUMBERS, RIGHT_DOUBLE)
    said(coach("update", "numbers"))  # its base is today's lesson
    revise(mini, ("double", "twice"))
    told = said(coach("update", "numbers"))
    text = path.read_text(encoding="utf-8")
    assert "the exercise double is called twice now" in told
    assert (
        "def twice" in text and "return x + x" in text and "double" not in text.replace("# ### Exercise · doubling", "")
    )


def test_reset_names_the_other_definitions_and_what_hides_it(mini: Mini):
    path = mini.begin(NUMBERS, RIGHT_DOUBLE)
    path.write_bytes(path.read_bytes() + b"\n# %%\ndef double(x):\n    return 2 * x\n")
    told = said(coach("reset", "double"))
    assert "double is its stub again" in told and "answers.py:13  double is defined here, too" in told
    path.write_bytes(path.read_bytes() + b"\n# %%\nfrom math import sqrt as double\n")
    assert (
        "is its stub again" not in (told := said(coach("reset", "double"))) and "gives that name another value" in told
    )


# notebook, read


def test_a_notebook_has_folded_hints_and_no_outputs_and_loses_nothing(mini: Mini):
    path = mini.begin(NUMBERS, RIGHT_DOUBLE)
    said(coach("notebook", "numbers"))
    target = path.with_suffix(".ipynb")
    made = nbformat.read(target, as_version=4)
    nbformat.validate(made)
    sources = [cell.source for cell in made.cells]
    code = next(i for i, source in enumerate(sources) if source.startswith("def double"))
    assert [source.split("\n")[1] for source in sources[code + 1 : code + 3]] == [
        "<summary>Hint 1</summary>",
        "<summary>Hint 2</summary>",
    ]
    question = next(i for i, source in enumerate(sources) if source.startswith("What is the sum"))
    assert "<details>" in sources[question + 1] and "Zero." in sources[question + 1]
    assert not any(cell.get("outputs") for cell in made.cells)
    assert notebook.script(made) == path.read_text(encoding="utf-8")
    before = target.read_bytes()
    assert "left alone" in said(coach("notebook", "numbers"), 2) and target.read_bytes() == before
    said(coach("notebook", "numbers", "--output", "mine.ipynb"))
    assert Path("mine.ipynb").read_bytes() == before
    assert "--output" in said(coach("notebook", "0", "--output", "two.ipynb"), 2)


COMMENTS = [
    "# %%\n# !rm keep.txt\nx = 1",
    "# %%\n# rm keep.txt",
    "# %%\n# %rm keep.txt",
    "# %%\n# %%bash\n# rm keep.txt",
    "# %%\n#%%bash\n#rm keep.txt",
    "# %%\n# cat the two halves together\nx = 1",
    "# %%\n# mv the origin first",
    "# %%\n# ls is a list",
    "# %%\n# cp of x is needed here\n# cd into it",
    "# %%\n# %timeit sum(range(10))\nx = 1",
    "# %%\n# torch.linspace?",
    "# %%\n# !nvidia-smi\n#!ls",
    '# %% language="bash"\n# rm keep.txt',
    '# %% tags=["mine"] language="bash"\n# rm keep.txt',
    '# %% active="ipynb"\n# import os\n# os.unlink("keep.txt")',
    '# %% my title active="ipynb,py"\n# open("keep.txt", "w")',
    '# %% tags=["active-ipynb"]\n# open("keep.txt", "w")',
    '# %% tags=["active-ipynb-py", "x"]\n# open("keep.txt", "w")',
    '# %% [code] language="html"\n# <script>1</script>',
    '# %% {"language": "bash"}\n# rm keep.txt',
    '# %%{"language": "bash"}\n# rm keep.txt',
    '# %% {"tags": ["active-ipynb"], "language" : "bash"}\n# rm keep.txt',
    '# %%\nif True:\n    # %% active="ipynb"\n    # open("keep.txt", "w")\n    pass',
    '# %%\nif True:\n    text = """\n    # %% language="bash"\n    """',
    "# %%\ndef f():\n    x = 1\n\n    # %%\n    return x",
    '# %% [markdown] language="bash"\n# rm keep.txt',
    '# %% active="ipynb" active="py" language="bash" tags=["active-md"]\n# rm keep.txt',
    '# %% {"active": "ipynb"}\n# open("keep.txt", "w")',
    "# %% language='bash'\n# rm keep.txt",
    '# %% Language="bash" language = "bash"\n# rm keep.txt',
    '# %% magic_args="-x" language="bash"\n# rm keep.txt',
    "# %%\nif True:\n    # !rm keep.txt\n    pass",
    "# %% [raw]\n# rm keep.txt",
    "# %% [markdown]\n# !rm keep.txt",
    '# %%\n# + active="ipynb"\n# open("keep.txt", "w")',
    "# %%\n# %%writefile keep.txt\n# gone",
    "# %%\n# %load_ext autoreload\n# %autoreload 2",
    "# %%\n# ?print\n# print??",
]


def own_cells(made: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells of code but the first, which looks for the course."""
    first, *cells = (cell for cell in made.cells if cell.cell_type == "code")
    assert first.metadata.tags == [notebook.SETUP]
    return cells


def code_of(made: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in own_cells(made))


@pytest.mark.parametrize("cell", COMMENTS)
def test_no_comment_comes_to_life_in_a_notebook(mini: Mini, cell: str):
    path = mini.begin(NUMBERS, RIGHT_DOUBLE)
    path.write_text(path.read_text(encoding="utf-8") + f"\n{cell}\n\n# %%\nlast = 1\n", encoding="utf-8", newline="\n")
    said(coach("notebook", "numbers", "--output", "mine.ipynb"))
    code = code_of(nbformat.read("mine.ipynb", as_version=4))
    wanted = [line for line in path.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    found = [line for line in code.split("\n") if line and not line.startswith("#")]
    assert found == wanted, "the notebook's code is the file's, and its comments are comments"


def test_a_notebook_that_is_run_leaves_the_files_beside_it(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    from nbclient import NotebookClient

    keep = mini.root / "keep.txt"
    keep.write_text("all of it", encoding="utf-8")
    text = '# %% [markdown] lang="en"\n# A file of mine.\n' + "\n".join(COMMENTS) + "\n"
    mini.lesson(NUMBERS).answers.write_text(text, encoding="utf-8", newline="\n")
    said(coach("notebook", "numbers", "--output", "mine.ipynb"))
    made = nbformat.read("mine.ipynb", as_version=4)
    for name in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(mini.root))
    NotebookClient(made, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(mini.root)}}).execute()
    assert keep.read_text(encoding="utf-8") == "all of it"
    assert not [output for cell in own_cells(made) for output in cell.outputs]


def test_the_whole_lesson_goes_through_a_notebook_unchanged(mini: Mini):
    from coach.course.percent import parse

    for name, files in LESSONS.items():
        text = nbformat.writes(parse(files["solutions"]), sort_keys=False)
        assert write(nbformat.reads(text, as_version=4)) == files["solutions"], name


def test_read_shows_the_prose_of_a_day(mini: Mini):
    text = said(coach("read", "0"))
    assert "The first sentence." in text and "upper case" in text
    assert "First hint" not in text and "Zero." not in text and "第一句" not in text


# what goes wrong around it


@pytest.mark.parametrize("data", [b'{"lang": "zh", "hin', b"\xff\xfe\x00", b"[]", b'{"hints": 3}', b""])
def test_a_corrupt_state_is_reported_once_and_begun_anew(mini: Mini, data: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COACH_LANG", "")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setattr("coach.words.system_language", lambda: "en")
    state = mini.workspace.memory / "state.json"
    state.parent.mkdir()
    state.write_bytes(data)
    assert language() == "en" and state.read_bytes() == data  # whoever only speaks sets nothing aside
    text = said(coach())
    assert "could not be read" in text and "state.broken-1.json" in text
    assert (state.parent / "state.broken-1.json").read_bytes() == data
    assert "could not be read" not in said(coach("hint", "double"))
    assert "2 of 2" in said(coach("hint", "double"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_errors_of_the_file_system_are_said_in_the_learners_language(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, lang: str
):
    monkeypatch.setenv("COACH_LANG", lang)
    mini.workspace.memory.write_text("a file where a folder should be", encoding="utf-8")
    text = said(coach("hint", "double"), 2)
    assert ("无法读写" if lang == "zh" else "Could not read or write") in text


@pytest.mark.parametrize("folder", ["reports", "snapshots", "bases", ""])
def test_a_file_in_the_place_of_a_folder_is_named(mini: Mini, folder: str):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    path = mini.workspace.memory / folder
    path.parent.mkdir(exist_ok=True)
    path.write_text("a file")
    for arguments in (["report", "double"], ["reset", "double"], ["update", "0"], ["start", "1"]):
        result = coach(*arguments)
        assert result.exit_code in (0, 2) and "Traceback" not in result.output
        assert result.exit_code == 0 or str(path) in result.output, result.output
    assert path.read_text() == "a file"


def test_a_notebook_in_a_file_is_not_there_already(mini: Mini):
    told = said(coach("notebook", "numbers", "--output", "pyproject.toml/x.ipynb"), 2)
    assert "there already" not in told and "pyproject.toml" in told


def places() -> list[tuple[str, str]]:
    """Every command's every option that names a file or a folder."""
    commands = [(name, coach_group.get_command(click.Context(coach_group), name)) for name in COMMANDS]
    options = ((name, option) for name, command in commands for option in getattr(command, "params", ()))
    return [(name, option.opts[0]) for name, option in options if isinstance(option.type, click.Path)]


@pytest.mark.parametrize(("name", "option"), places())
def test_an_empty_name_is_none(mini: Mini, name: str, option: str):
    words = {"classroom": ["."], "dojo": ["unix"]}.get(name, [])
    assert f"the value of {option} is wrong: " in said(coach(name, *words, option, ""), 2)


UNREADABLE = {
    "GBK": lambda text: text.replace("The first", "第一句").encode("gbk", "ignore"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "Latin-1": lambda text: text.replace("The first", "é").encode("latin-1", "ignore"),
    "zeros": lambda text: bytes(len(text)),
}


@pytest.mark.parametrize("how", UNREADABLE)
def test_a_file_that_is_not_utf8_hides_no_other_lesson(mini: Mini, how: str):
    path = mini.begin(NUMBERS)
    path.write_bytes(UNREADABLE[how](path.read_text(encoding="utf-8")))
    for name in (WORDS, BOXES):
        mini.begin(name)
    before = path.read_bytes()
    for arguments in ([], ["contents"], ["contents", "--json"], ["progress"], ["progress", "--json"]):
        told = said(coach(*arguments))
        assert all(title in told for title in ("numbers", "words", "boxes")), told
    assert WORDS in said(coach("start", "0"))
    assert said(coach("report", "double")) and "def double" in said(coach("solution", "double", "--reveal"))
    for arguments in (["update", "0"], ["reset", "double"], ["notebook", "numbers"]):
        assert how == "zeros" or "not in UTF-8" in said(coach(*arguments), 2)
    assert path.read_bytes() == before or how == "zeros"


@pytest.mark.parametrize(
    "arguments", [["check"], ["progress"], ["solution", "double"], ["report", "double"], ["update"]]
)
def test_no_room_for_temporary_files_is_said(mini: Mini, monkeypatch: pytest.MonkeyPatch, arguments: list[str]):
    said(coach("start", "0"))
    revise(mini, ("Twice `x`.", "Two times `x`."))
    path = mini.lesson(NUMBERS).answers
    path.write_text(path.read_text(encoding="utf-8").replace(*RIGHT_DOUBLE, 1), encoding="utf-8")
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", list)
    for lang, words in (("zh", "清理磁盘"), ("en", "set TMPDIR")):
        monkeypatch.setenv("COACH_LANG", lang)
        assert words in said(coach(*arguments), 2)


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_only_what_keeps_from_writing_is_told_of_the_output(mini: Mini, monkeypatch: pytest.MonkeyPatch, number: int):
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("coach.commands.root.lookup.days_of", refused)
    nobody_reads = number in (errno.EPIPE, getattr(errno, "ESHUTDOWN", 0))
    told = said(coach(), 0 if nobody_reads else 2)
    full = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF, errno.EINVAL, getattr(errno, "EDQUOT", 0)}
    assert ("Could not write the output" in told) == (number in full)
    assert nobody_reads or os.strerror(number) in told or "TMPDIR" in told


def test_a_course_without_lessons_says_so(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    shutil.rmtree(mini.root / "chapter0_fundamentals")
    monkeypatch.setattr("coach.commands.group.Workspace.here", lambda: mini.workspace)
    for command in ([], ["start"], ["check"], ["progress"]):
        assert "There is no lesson" in said(coach(*command), 2)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that someone is in")
def test_a_deleted_working_directory_says_so(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    folder = mini.root / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    try:
        assert "is gone" in said(coach("check"), 2)
    finally:
        os.chdir(mini.root)


def test_a_read_only_answers_file_is_an_error_not_a_traceback(mini: Mini):
    path = mini.begin(NUMBERS, RIGHT_DOUBLE)
    path.chmod(0o444)
    assert "read-only" in said(coach("reset", "double"), 2)
    path.chmod(0o644)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_gbk_console_shows_every_command(mini: Mini, lang: str):
    mini.begin(BOXES, (STUB, "return width * height"), lang=lang)
    for arguments, code in ((["check"], 1), (["hint", "EDGES"], 0), (["start", "1"], 0), ([], 0), (["--help"], 0)):
        done = run(*arguments, PYTHONIOENCODING="gbk", COACH_LANG=lang, PYTHONUTF8="0")
        text = done.stdout.decode("gbk")
        assert done.returncode == code, text + done.stderr.decode("gbk")
        assert "?" not in text, text
    assert "× size" in run("check", PYTHONIOENCODING="gbk", COACH_LANG=lang, PYTHONUTF8="0").stdout.decode("gbk")


def test_an_ascii_console_loses_signs_but_not_the_command(mini: Mini):
    mini.begin(BOXES, (STUB, "return width * height * depth"))
    done = run("check", "size", PYTHONIOENCODING="ascii", COACH_LANG="zh", PYTHONUTF8="0")
    assert done.returncode == 0 and b"size" in done.stdout and b"Traceback" not in done.stderr


def code_pages() -> list[str]:
    """Those that Python has here for text, all but the one for names of machines."""
    found = []
    for name in sorted(set(encodings.aliases.aliases.values()) - {"idna"}):
        with contextlib.suppress(LookupError):  # of Windows alone
            found += [name] * codecs.lookup(name)._is_text_encoding
    return found


@pytest.mark.parametrize("page", code_pages())
def test_no_code_page_keeps_a_command_from_its_words(monkeypatch: pytest.MonkeyPatch, page: str):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="") for encoding in (page, "cp1251"))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    survive_any_console()
    told = "○✗✓×·│─›⚠…●²é练习\U0001f600 coach check size\n"
    print(told, file=out, flush=True)
    print(told, file=err, flush=True)
    show(told)
    for stream in (out, err):
        text = stream.buffer.getvalue().decode(stream.encoding)
        assert text.count("coach check size") == (2 if stream is out else 1)


@pytest.mark.parametrize("page", ["cp1251", "cp437", "cp866", "koi8-r", "mac_roman", "iso8859-5", "cp874"])
def test_a_console_without_our_signs_shows_every_command(mini: Mini, page: str):
    mini.begin(BOXES, (STUB, "return width * height"))
    for arguments, code in ((["check", "size"], 1), (["check", "nosuch"], 2), (["questions", "0"], 0)):
        done = run(*arguments, PYTHONIOENCODING=page, PYTHONUTF8="0")
        assert done.returncode == code and b"Traceback" not in done.stderr, done.stderr.decode(page)


@pytest.mark.parametrize("typed", [b"\xc4\xe3\xff\xba", b"\xff", b"\xe4\xbd", b"\x80q"])
def test_what_is_typed_in_another_encoding_is_an_answer_too(mini: Mini, terminal: None, typed: bytes):
    text = said(CliRunner().invoke(coach_group, ["questions", "0"], input=typed + b"\n" + typed + b"\ny\nq\n"))
    assert "Zero." in text and "And its mean?" in text


# streams and terminals


EVERY = [[], ["start", "0"], ["check"], ["progress"], ["hint", "double"], ["solution", "mean", "--reveal"], ["questions", "0"], ["read", "0"], ["update"], ["reset", "double"], ["--help"], ["check", "-h"], ["check", "--json"]]  # fmt: skip


def shell(mini: Mini, line: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """`coach` where a shell has put its streams elsewhere; `line` has `"$@"` for it."""
    command = ["bash", "-c", f"set -o pipefail; {line}", "bash", sys.executable, "-P", "-m", "coach.cli", *arguments]
    environment = mini.workspace.environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(command, capture_output=True, env=environment, check=False)


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix")
@pytest.mark.parametrize("streams", [">&-", "<&-", "2>&-", ">&- 2>&- <&-"])
def test_a_closed_stream_is_no_error(mini: Mini, streams: str):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    for arguments in EVERY:
        done = shell(mini, f'"$@" {streams}', *arguments)
        codes = {1, 3} if "check" in arguments and "-h" not in arguments else {0}
        assert done.returncode in codes, (arguments, done.stderr)
        assert b"Traceback" not in done.stderr + done.stdout, arguments


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix")
@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_is_gone_is_no_error(mini: Mini, reader: str):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    for arguments in EVERY:
        done = shell(mini, f'"$@" | {reader}', *arguments)
        told = done.stderr.decode("utf-8")
        assert done.returncode == 0 or ("check" in arguments and reader != "true"), (arguments, told)
        assert not told, arguments


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full, as Linux has one")
@pytest.mark.parametrize("arguments", EVERY)
def test_a_full_disk_behind_the_output_is_said(mini: Mini, arguments: list[str]):
    mini.begin(NUMBERS, RIGHT_DOUBLE)
    done = shell(mini, '"$@" > /dev/full', *arguments)
    told = done.stderr.decode("utf-8")
    assert done.returncode == 2 and re.fullmatch("✗ Could not write the output: .+\n", told), told


@pytest.mark.parametrize("columns", ["1", "20", "37", "60", "200"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_are_whole_however_narrow_the_terminal(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, lang: str, columns: str
):
    long = "raytrace_triangle_with_bounding_boxes_and_more"
    revise(mini, ("double", long), ('see="mean"', 'see="total"'))
    for file in ("tests.py", "mistakes.py"):
        path = mini.lesson(NUMBERS).folder / file
        path.write_text(path.read_text(encoding="utf-8").replace("double", long), encoding="utf-8")
    monkeypatch.setenv("COACH_LANG", lang)
    monkeypatch.setenv("COLUMNS", columns)
    told = said(coach("start", "0"))
    assert all(re.search(rf"(^|\s){name}(\s|$)", told) for name in (long, "total", "mean", "loud", "size"))
    assert "…" not in told
    for question in mini.lesson(NUMBERS).questions:
        mini.workspace.state.set_mark(key_of(mini.lesson(NUMBERS), question), "no")
    told = said(coach("progress"))
    assert re.search(r"(^|\s)total(\s|$)", told) and "…" not in told
    assert long in said(coach("check", "0"), 3)


@pytest.mark.parametrize("name", [*COMMANDS, ""])
def test_every_command_answers_to_h(mini: Mini, name: str):
    assert said(coach(*[name] * bool(name), "-h")) == said(coach(*[name] * bool(name), "--help"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and needs a right for links")
@pytest.mark.parametrize("odd", ["folder", "pipe", "link", "loop"])
def test_every_command_says_the_same_of_what_stands_in_the_way(mini: Mini, odd: str):
    path = mini.lesson(NUMBERS).answers
    obstruct(path, odd)
    commands = [[], ["start"], ["start", "0"], ["check"], ["check", "0"], ["check", "double"], ["check", str(path)], ["check", f"{path}:3"], ["watch"], ["solution", "double"], ["progress"], ["questions"], ["update"], ["reset", "double"], ["notebook", "numbers"]]  # fmt: skip
    told = {said(coach(*arguments), 2) for arguments in commands}
    assert len(told) == 1 and "move it away or rename it" in told.pop()


def test_a_stranger_among_the_lessons_is_told_of_and_left_out(mini: Mini):
    shutil.copytree(mini.lesson(BOXES).folder, mini.lesson(BOXES).folder.with_name("part1_boxes copy"))
    mini.begin(BOXES, (STUB, "return width * height * depth"))
    told = said(coach("check", "part1_boxes.size"))
    assert "✓ size" in told and "part1_boxes copy is no lesson" in told


@pytest.mark.skipif(os.name == "nt", reason="kills as Unix does")
def test_what_a_killed_command_left_is_gone_after_the_next(mini: Mini):
    path = mini.begin(NUMBERS)
    left = path.with_name(".answers.py.abcd1234.tmp")
    left.write_bytes(b"half of it")
    said(coach("hint", "double"))
    assert not left.exists()


def test_the_language_of_files_begun_is_changed_and_said(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    said(coach("start", "0"))
    path = mini.lesson(NUMBERS).answers
    path.write_text(path.read_text(encoding="utf-8").replace(*RIGHT_DOUBLE, 1), encoding="utf-8")
    told = said(coach("language", "zh"))
    assert "chapter0_fundamentals/exercises/part0_numbers/answers.py: 已更新" in told
    text = path.read_text(encoding="utf-8")
    assert "练习 · 加倍" in text and "return x + x" in text
    assert said(coach("language")).strip() == "zh"
    monkeypatch.setenv("COACH_LANG", "en")
    assert "coach language en" in said(coach("start", "0"))
    assert "练习" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("day", ["99", "1", "nosuch"])
def test_a_language_for_a_day_that_is_not_there_or_not_begun_is_not_kept(mini: Mini, day: str):
    said(coach("start", "0"))
    before = mini.workspace.state.lang
    assert not re.search("[一-鿿]", said(coach("language", "zh", day), 2))
    assert State(mini.workspace.memory / "state.json").lang == before and os.environ["COACH_LANG"] == "en"


def test_the_contents_run_nothing(mini: Mini):
    (mini.lesson(NUMBERS).folder / "tests.py").write_text("raise SystemExit", encoding="utf-8")
    told = said(coach("contents"))
    assert "Day 0 · numbers" in told and "begun" not in told.replace("begun are", "")
    said(coach("start", "0"))
    assert "begun" in said(coach("contents"))
