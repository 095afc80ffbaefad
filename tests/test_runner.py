"""Judging in a process of its own: whatever the learner's code does, there is a verdict, and `coach` lives on."""

import importlib.util
import os
import signal
import subprocess
import sys
import textwrap
import time
import types
from pathlib import Path
from typing import Any

import psutil
import pytest

from coach.commands.progress import by_exercise
from coach.judging.verdict import Verdict, problem, render
from coach.running import runner
from coach.running.job import GIB
from coach.words import RIGHT, UNWRITTEN, WRONG

LESSON = "part0_numbers"
SECONDS = 1.5


@pytest.fixture
def answers(mini):
    """Writes answers.py: `double` with the body given, `total` right, `mean` still a stub; code before them on request."""
    path = mini.lesson(LESSON).answers

    def write(body: str, *, before: str = "", **limits) -> list[Verdict]:
        parts = [
            textwrap.dedent(before),
            "def double(x):\n" + textwrap.indent(textwrap.dedent(body), "    "),
            "def total(values):\n    return float(sum(values))\n",
            "def mean(values):\n    raise NotImplementedError\n",
        ]
        path.write_text("\n".join(parts), encoding="utf-8")
        return check(mini, **limits)

    return write


def check(mini, exercises=None, **given) -> list[Verdict]:
    limits: Any = {"seconds": SECONDS, "memory": 2 * GIB} | given
    before = set(psutil.Process().children(recursive=True))
    heard: list[Verdict] = []
    found = runner.check(mini.workspace, mini.lesson(LESSON), exercises, on_verdict=heard.append, **limits)
    assert heard == found
    assert set(psutil.Process().children(recursive=True)) <= before
    return found


def line_of(verdict: Verdict) -> str:
    return Path(verdict.path).read_bytes().decode("utf-8", "replace").splitlines()[verdict.line - 1].strip()


def others_went_on(verdicts: list[Verdict]) -> None:
    assert [v.mark for v in verdicts[1:]] == [RIGHT, UNWRITTEN]
    assert [v.exercise for v in verdicts[1:]] == ["total", "mean"]


def test_verdicts_come_one_by_one_and_name_the_mistake(mini, answers):
    found = answers("return x**2")
    others_went_on(found)
    assert (found[0].mark, found[0].mistake) == (WRONG, "squared")
    assert [v.exercise for v in check(mini, ["total"])] == ["total"]


# what the body of `double` is, the line that the verdict names, and what it says
DEATHS = {
    "endless loop": ("while True:\n    x = x + 0", ("while True:", "x = x + 0"), "not done after"),
    "loop in C": ("import time\ntime.sleep(1000)", ("time.sleep(1000)",), "not done after"),
    "loop in C that holds the GIL": ("return sum(0 for _ in iter(int, 1))", ("return sum(",), "not done after"),
    "deadlock": (
        "import threading\nl = threading.Lock()\nl.acquire()\nl.acquire()",
        ("l.acquire()",),
        "not done after",
    ),
    "os._exit": ("import os\nos._exit(7)", ("os._exit(7)",), "exit code 7"),
    "abort": ("import os\nos.abort()", ("os.abort()",), "Abort"),
    "segmentation fault": ("import ctypes\nctypes.string_at(0)", ("ctypes.string_at(0)",), "crash"),
    "sys.exit": ("import sys\nsys.exit(0)", ("sys.exit(0)",), "sys.exit"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", ("raise KeyboardInterrupt",), "KeyboardInterrupt"),
    "recursion": ("return double(x)", ("return double(x)",), "without end"),
    "exception": ("y = {}\nreturn y['k']", ("return y['k']",), "KeyError"),
    "input": ("return float(input('x? '))", ("return float(input('x? '))",), "keyboard"),
    "memory for bytes": ("y = bytearray(50 << 30)\nreturn len(y)", ("y = bytearray(50 << 30)",), "limit of 2.0 GiB"),
    "memory for a list": ("y = [0] * (50 << 27)\nreturn len(y)", ("y = [0] * (50 << 27)",), "limit of 2.0 GiB"),
}
POSIX_ONLY = {"abort", "memory for bytes", "memory for a list"}


@pytest.mark.parametrize("what", DEATHS)
def test_whatever_a_function_does_it_gets_a_verdict(answers, what):
    if what in POSIX_ONLY and sys.platform != "linux":
        pytest.skip("the system's own limits are Linux's")
    body, lines, said = DEATHS[what]
    found = answers(body)
    assert (found[0].mark, found[0].exercise) == (WRONG, "double")
    assert said in found[0].why
    assert line_of(found[0]).startswith(lines)
    others_went_on(found)


def test_recursion_in_c(answers):
    found = answers("f = lambda y: sorted([1, 2], key=f)\nreturn f(x)")
    assert found[0].mark == WRONG
    others_went_on(found)


@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="torch is not installed")
def test_fifty_gib_of_torch(mini, answers):
    found = answers(
        "y = torch.empty(50 << 30, dtype=torch.uint8).fill_(1)\nreturn y.sum()", before="import torch", seconds=60
    )
    assert found[0].why == "it takes more memory than the limit of 2.0 GiB (it asked for 50.0 GiB)"
    assert line_of(found[0]).startswith("y = torch.empty")
    others_went_on(found)


def test_memory_where_the_system_sets_no_limit(answers, monkeypatch):
    monkeypatch.setattr(runner, "LIMITED", False)
    body = "y = []\nwhile True:\n    y.append(bytearray(b'x') * (1 << 20))"
    found = answers(body, seconds=30, memory=GIB // 2)
    assert "more memory than the limit" in found[0].why
    assert line_of(found[0]).startswith(("while", "y.append"))
    others_went_on(found)


def test_the_memory_of_its_children_counts(answers):
    grow = "import time; y = bytearray(b'x') * (350 << 20)"
    body = f"""
        import subprocess, sys
        command = [sys.executable, "-c", {grow + "; time.sleep(60)"!r}]
        for child in [subprocess.Popen(command) for _ in range(2)]:
            child.wait()
        """
    found = answers(body, seconds=30, memory=GIB // 2)
    assert "more memory than the limit" in found[0].why
    others_went_on(found)


@pytest.mark.parametrize(
    ("before", "line", "said"),
    [
        ("import sys\nsys.exit(3)", "sys.exit(3)", "sys.exit"),
        ("numbers = [1]\nnumbers[1]", "numbers[1]", "IndexError"),
        ("while True: pass", "while True: pass", "not done after"),
        ("import ctypes\nctypes.string_at(0)", "ctypes.string_at(0)", "crash"),
        ("import os\nos._exit(0)", "os._exit(0)", "ended the whole Python process"),
        ("import nothing_of_this_name", "import nothing_of_this_name", "ModuleNotFoundError"),
    ],
)
def test_what_happens_at_the_import_is_one_verdict_on_the_file(answers, before, line, said):
    (verdict,) = answers("return 2 * x", before=before)
    assert (verdict.mark, verdict.exercise, verdict.test) == (WRONG, "answers.py", "")
    assert said in verdict.why
    assert line_of(verdict) == line
    assert list(by_exercise([verdict], ["double", "total"])) == ["double", "total"]


def test_syntax_error_has_line_column_and_caret(answers):
    (verdict,) = answers("return 2 ** * x")
    assert line_of(verdict) == "return 2 ** * x"
    said, code, caret = verdict.why.split("\n")
    assert said == "SyntaxError: invalid syntax"
    assert code[caret.index("^")] == "*"
    assert verdict.column == 17
    assert problem(verdict, Path(verdict.path).parents[3]) == (
        f"chapter0_fundamentals/exercises/{LESSON}/answers.py:{verdict.line}:17: error: "
        "answers.py: SyntaxError: invalid syntax"
    )


def test_chinese_punctuation_is_named(answers):
    (verdict,) = answers("return max(x，2)")
    assert "type , instead" in verdict.why


@pytest.mark.parametrize(
    ("data", "said"),
    [("# 中文".encode("gbk"), "Save with Encoding"), (b"x = 1\n\0", "null byte"), (b" \n", "coach undo")],
)
def test_a_file_that_is_no_text(mini, data, said):
    mini.lesson(LESSON).answers.write_bytes(data)
    (verdict,) = check(mini)
    assert (verdict.mark, verdict.exercise) == (WRONG, "answers.py")
    assert said in verdict.why


def test_a_function_that_is_gone_or_is_none(mini):
    mini.begin(LESSON, ("def double", "def duble"), ("def total", "total = 3\n\n\ndef other"))
    gone, none, _ = check(mini)
    assert "no `double`" in gone.why and "coach reset double" in gone.why
    assert "should be a function" in none.why and line_of(none) == "total = 3"


def test_a_lesson_not_begun_says_how(mini):
    with pytest.raises(runner.CannotJudge, match="coach start 0"):
        check(mini)


def test_a_broken_course_is_not_the_learners_fault(mini, answers):
    (mini.lesson(LESSON).folder / "tests.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    with pytest.raises(runner.CannotJudge, match="nothing_of_this_name"):
        answers("return 2 * x")


def test_output_belongs_to_the_exercise_that_printed_it(answers):
    body = """
        import ctypes, os, sys
        print("来自 Python")
        print("to stderr", file=sys.stderr)
        os.write(1, b"from a descriptor\\n")
        if os.name == "posix":
            ctypes.CDLL(None).puts(b"from C")
        return 2 * x
        """
    first, second, _ = answers(body, before="print('at import')")
    said = ["at import", "来自 Python", "to stderr", "from a descriptor", *["from C"] * (os.name == "posix")]
    assert all(line in first.output for line in said)
    assert second.output == ""
    assert "    | 来自 Python" in render(first, colour=False)


def test_output_before_a_death_is_kept_and_the_import_speaks_once(answers):
    first, second, _ = answers("import os\nprint('last words', end='')\nos._exit(1)", before="print('at import')")
    assert first.output == "at import\nlast words"
    assert second.output == ""


def test_endless_output_is_cut(answers):
    found = answers("while True:\n    print('x' * 1000)")
    assert "not done after" in found[0].why
    assert len(found[0].output) < 21_000 and "too much" in found[0].output
    others_went_on(found)


def test_children_of_a_dead_worker_go_too(mini, answers):
    pid = mini.root / "pid"
    body = f"""
        import os, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        open({str(pid)!r}, "w").write(str(child.pid))
        os._exit(1)
        """
    others_went_on(answers(body))
    assert gone(int(pid.read_text(encoding="ascii")))


def gone(pid: int, patience: float = 10) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_parent(mini, how):
    pid = mini.root / "pid"
    mini.lesson(LESSON).answers.write_text(
        f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()) + ' ')\ntime.sleep(600)\n", encoding="utf-8"
    )
    code = (
        "from coach.running import runner; from coach.course.workspace import Workspace; w = Workspace.here();"
        f"runner.check(w, [x for x in w.lessons if x.name == '{LESSON}'][0], on_verdict=print, seconds=600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=mini.root, stderr=subprocess.DEVNULL) as parent:
        while not (pid.exists() and pid.read_text(encoding="ascii").endswith(" ")):
            assert parent.poll() is None
            time.sleep(0.05)
        parent.send_signal(how)
    assert gone(int(pid.read_text(encoding="ascii")))


def test_an_exercises_verdict_is_its_first_wrong_then_unwritten_then_right():
    right, unwritten = Verdict(RIGHT, "f", "test_a"), Verdict(UNWRITTEN, "f, g", "test_b")
    wrong, later = Verdict(WRONG, "g", "test_c"), Verdict(WRONG, "g", "test_d")
    assert by_exercise([right, unwritten, wrong, later], "fgh") == {"f": unwritten, "g": wrong}


def test_a_search_for_mistakes_that_takes_too_long_is_left_out(mini, answers):
    slow = "\n\n@mistake('total', zh='慢', en='slow')\ndef slow(values):\n    import time\n    time.sleep(600)\n"
    mistakes = mini.lesson(LESSON).folder / "mistakes.py"
    mistakes.write_text(mistakes.read_text(encoding="utf-8") + slow, encoding="utf-8")
    path = mini.begin(
        LESSON, ("raise NotImplementedError", "return 2 * x"), ("raise NotImplementedError", "return 0.0")
    )
    assert path.exists()
    (verdict,) = check(mini, ["total"], seconds=2)
    assert (verdict.expected, verdict.got) == ("7.5", "0.0")


def test_one_thread_unless_the_learner_asked_for_more(answers, monkeypatch):
    body = "import os, torch\nprint(os.environ['OMP_NUM_THREADS'], torch.get_num_threads())\nreturn 2 * x"
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert answers(body, seconds=60)[0].output.startswith("1 1\n")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert answers(body, seconds=60)[0].output.startswith("3 ")  # torch takes no more threads than there are cores


def test_a_worker_over_its_memory_has_a_moment_to_say_where(mini, monkeypatch):
    """It ends itself, noting the line; the parent, which can't know it, waits for one more look."""
    monkeypatch.setattr(runner, "OFTEN", -1.0)
    job = runner.job_for(mini.lesson(LESSON), b"", [], seconds=1, memory=GIB)
    worker: Any = types.SimpleNamespace(
        memory=2 * GIB, cut_output=lambda: None, end_job=lambda: ended.append(run.reason)
    )
    ended: list[str] = []
    run = runner.Run(worker, job, print, print, lambda: False, now={"limit": 1}, deadline=time.monotonic() + 60)
    for held, expected in ((2, []), (0, []), (2, []), (2, ["memory"])):
        worker.memory = held * GIB
        run.look()
        assert ended == expected
