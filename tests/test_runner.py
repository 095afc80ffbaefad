"""Judging in a process of its own: whatever the learner's code does, there is a verdict, and `coach` lives on."""

import contextlib
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
from coach.running import pool, runner
from coach.running.explained import left_open
from coach.running.job import GIB
from coach.running.outline import outline_of
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
    return Path(verdict.path).read_bytes().decode("utf-8", "replace").split("\n")[verdict.line - 1].strip()


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


TOO_DEEP = ["-" * 100_000 + "1", "1+" * 20_000 + "1", "a" + ".b" * 20_000]  # MemoryError, RecursionError twice


@pytest.mark.parametrize("code", TOO_DEEP, ids=["minus", "plus", "dots"])
def test_what_python_gives_up_reading_is_a_verdict_on_the_file(answers, code):
    (verdict,) = answers("return 2 * x", before=f"# %%\nx = {code}\n# %%")
    assert (verdict.mark, verdict.exercise, verdict.test) == (WRONG, "answers.py", "")
    assert verdict.why == "SyntaxError: something in it is nested too deeply, or too long, for Python to read"
    data = Path(verdict.path).read_bytes()
    assert outline_of(data) is None and left_open(data) == 0


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


NAMED = ["# -*- coding: gbk -*-", "# coding=ascii", "# vim: set fileencoding=no-such :", "#!/bin/python\n# coding: gbk"]
NAMED = [*NAMED, "\r\n# coding: ascii", "\ufeff# coding: latin-1"]


@pytest.mark.parametrize("line", NAMED)
def test_a_line_that_names_another_encoding_is_named(mini, line):
    path = mini.begin(LESSON)
    path.write_bytes((f"{line}\n" + path.read_text(encoding="utf-8") + "# 中文。\n").encode("utf-8"))
    (verdict,) = check(mini)
    assert (verdict.mark, verdict.exercise) == (WRONG, "answers.py")
    assert "in UTF-8: take that line out" in verdict.why and "coding" in line_of(verdict)


@pytest.mark.parametrize("line", ["# coding: UTF-8", "# coding: utf-8-unix", "# coding: latin-1", "x = 1  # coding: gbk", "x = 1\n# coding: ascii", "\n\n# coding: ascii"])  # fmt: skip
def test_a_line_about_coding_that_python_can_live_with_is_left_alone(mini, line):
    path = mini.begin(LESSON, ("raise NotImplementedError", "return 2 * x"))
    path.write_text(f"{line}\n" + path.read_text(encoding="utf-8") + "# 中文。\n", encoding="utf-8")
    assert check(mini, ["double"])[0].mark == RIGHT


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
    right, unwritten = Verdict(RIGHT, ("f",), "test_a"), Verdict(UNWRITTEN, ("f", "g"), "test_b")
    wrong, later = Verdict(WRONG, ("g",), "test_c"), Verdict(WRONG, ("g",), "test_d")
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
    assert (verdict.expected, verdict.mistake) == ("7.5", "")


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
    worker: Any = types.SimpleNamespace(cut_output=lambda: None, end_job=lambda: ended.append(run.reason))
    ended: list[str] = []
    run = runner.Run(worker, job, print, print, lambda: False, now={"limit": 1}, deadline=time.monotonic() + 60)
    for held, expected in ((2, []), (0, []), (2, []), (2, ["memory"])):
        worker.holds_over = lambda limit, held=held: held * GIB > limit
        run.look()
        assert ended == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%matplotlib inline", "take it out"),
        ("%%time", "time.perf_counter()"),
        ("%timeit sum([1])", "time.perf_counter()"),
        ("!pip install nothing", "in the terminal"),
        ("files = !ls", "in the terminal"),
        ("sum?", "help("),
        ("?sum", "help("),
        ("%load_ext autoreload", "take it out"),
        ("await nothing()", "asyncio.run("),
        ("display(3)", "print("),
        ("get_ipython().run_line_magic('time', '')", 'if __name__ == "__main__":'),
    ],
)
def test_what_only_a_cell_understands_is_named(answers, line, said):
    (verdict,) = answers("return 2 * x", before=f"import math\n\n# %%\n{line}\n# %%")
    assert "works in a cell only" in verdict.why and said in verdict.why
    assert line_of(verdict) == line and verdict.exercise == "answers.py"


def test_a_whole_cell_of_another_language_is_named_at_its_first_line(answers):
    (verdict,) = answers("return 2 * x", before="# %%\n%%bash\necho it's\n# %%")
    assert "works in a cell only" in verdict.why and line_of(verdict) == "%%bash"


def test_an_operator_is_no_magic(answers):
    (verdict,) = answers("return (x\n% 2")
    assert "works in a cell only" not in verdict.why


def test_display_in_a_function_is_named_too(answers):
    found = answers("display(x)\nreturn 2 * x")
    assert "`display(…)` works in a cell only" in found[0].why and line_of(found[0]) == "display(x)"
    others_went_on(found)


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_a_string_left_open_is_reported_where_it_opens(mini, quotes):
    path = mini.begin(LESSON, ('"""Twice `x`."""', f"{quotes}Twice `x`."))
    (verdict,) = check(mini)
    assert "never closed" in verdict.why and line_of(verdict) == f"{quotes}Twice `x`."
    path.write_text(f"x = {quotes}one\n# %%\ntwo{quotes}\n1 +\n", encoding="utf-8")
    (verdict,) = check(mini)
    assert "never closed" not in verdict.why and line_of(verdict) == "1 +"


def test_what_lies_beside_the_file_is_found(mini, answers):
    folder = mini.lesson(LESSON).folder
    (folder / "helpers.py").write_text("from answers import FACTOR\n\ndef twice(x):\n    return FACTOR * x\n")
    (folder / "numbers.txt").write_text("3")
    before = "FACTOR = 2\nimport helpers\nassert open('numbers.txt').read() == '3'"
    assert answers("return helpers.twice(x)", before=before)[0].mark == RIGHT
    (folder / "helpers.py").write_text("from answers import FACTOR\n\ndef twice(x):\n    return FACTOR + x\n")
    assert answers("return helpers.twice(x)", before=before)[0].mark == WRONG
    assert not list((folder / "__pycache__").glob("helpers*"))


def test_no_file_of_the_learners_hides_a_package(mini, answers):
    folder = mini.lesson(LESSON).folder
    for at in (mini.root, folder.parent, folder):
        for name in ("random", "queue", "numbers", "numpy", "torch", "einops", "json"):
            (at / f"{name}.py").write_text("raise SystemExit('hidden')\n")
    assert answers("return 2 * x", before="import numpy, queue, random\nrandom.seed(numpy.pi)")[0].mark == RIGHT
    found = answers("return queue.twice(x)", before="import queue")
    assert "your queue.py has the name of another module" in found[0].why
    (verdict,) = answers("return 2 * x", before="from numpy import twice")
    assert "your numpy.py has the name of another module" in verdict.why


FIGURE = """
import plotly.graph_objects as go
go.Figure().show()
import webbrowser
webbrowser.open("http://localhost")
"""


@pytest.mark.parametrize("renderer", [None, "json", "browser"])
def test_a_figure_at_the_top_level_waits_for_no_browser(mini, answers, monkeypatch, renderer):
    opened = mini.root / "opened"
    browser = mini.root / "browser"
    browser.write_text(f"#!/bin/sh\ntouch '{opened}'\n")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    if renderer:
        monkeypatch.setenv("PLOTLY_RENDERER", renderer)
    first = answers("return 2 * x", before=FIGURE, seconds=30)[0]
    assert (first.mark, first.output) == (RIGHT, "") and not opened.exists()


def test_a_training_at_the_top_level_is_told_of_the_guard(answers):
    before = "def train():\n    while True: pass\n\nprint('on')\ntrain()"
    (verdict,) = answers("return 2 * x", before=before)
    assert 'if __name__ == "__main__":' in verdict.why and "not done after 1.5 s" in verdict.why
    assert line_of(verdict) == "train()"


def test_a_stub_called_at_the_top_level_is_reported_at_the_call(mini):
    path = mini.begin(LESSON)
    path.write_text(path.read_text(encoding="utf-8") + "\n# %%\npixels = [total([1.0])]\n", encoding="utf-8")
    (verdict,) = check(mini)
    assert "`total` is not written yet" in verdict.why and 'if __name__ == "__main__":' in verdict.why
    assert line_of(verdict) == verdict.code == "pixels = [total([1.0])]"


def test_a_stub_that_is_nobodys_names_no_function(mini):
    path = mini.begin(LESSON)
    path.write_text(path.read_text(encoding="utf-8") + "\n# %%\nraise NotImplementedError\n", encoding="utf-8")
    (verdict,) = check(mini)
    assert "NotImplementedError" in verdict.why and "not written yet" not in verdict.why
    path.write_text(
        mini.lesson(LESSON).view("en") + "\n# %%\nimport asyncio\nasyncio.AbstractEventLoop().stop()\n",
        encoding="utf-8",
    )
    (verdict,) = check(mini)
    assert "AbstractEventLoop" not in verdict.why and "stop" in verdict.code


@pytest.mark.parametrize("sign", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_lines_are_counted_as_editors_count_them(answers, sign):
    found = answers("return x.nothing", before=f"# pasted{sign}from the web")
    assert found[0].code == line_of(found[0]) == "return x.nothing"
    found = answers("import os\nos._exit(3)", before=f"# pasted{sign}from the web")
    assert found[0].code == line_of(found[0]) == "os._exit(3)"


@pytest.mark.parametrize(
    "call", ["breakpoint()", "import pdb; pdb.set_trace()", "from pdb import set_trace; set_trace()"]
)
def test_a_breakpoint_left_in_is_passed_over_and_named(answers, call):
    found = answers(f"y = x\n{call}\nreturn 2 * y")
    line = Path(found[0].path).read_text(encoding="utf-8").split(call)[0].count("\n") + 1
    assert found[0].mark == RIGHT
    assert found[0].output == (
        f"answers.py:{line} still holds a breakpoint: nobody is at the keyboard here, so it is passed over. Take it out.\n"
    )


def test_a_debugger_of_their_own_is_named(answers):
    found = answers("import pdb\nguard = pdb.Pdb()\nguard.set_trace()\nreturn 2 * x")
    assert "a debugger was left in" in found[0].why
    assert line_of(found[0]) == "guard.set_trace()"
    others_went_on(found)


def test_control_characters_never_reach_the_terminal(answers):
    nasty = "\\x1b[2J\\x07\\rover\\u202eturned\\x9b\\u2028."
    found = answers(f"print('{nasty}')\nraise ValueError('{nasty}')")
    shown = "\\x1b[2J\\x07\\rover\\u202eturned\\x9b\\u2028."
    assert found[0].why == f"ValueError: {shown}" and found[0].output.startswith(shown)
    found = answers(f"import os\nprint('{nasty}')\nos._exit(1)")
    assert found[0].output.startswith(shown)
    (verdict,) = answers("return 2 * x", before=f"raise ValueError('{nasty}')")
    assert verdict.why == f"ValueError: {shown}"


def test_an_endless_message_is_cut(answers):
    found = answers("raise ValueError('x' * (128 << 20))", seconds=10)
    assert found[0].why.startswith("ValueError: xxx") and len(found[0].why) < 5_000
    assert "more characters" in found[0].why
    others_went_on(found)


SPOILT = {
    "noise": 'b"nonsense\\n"',
    "no object": 'b"[1]\\n"',
    "a number": 'b"5\\n"',
    "no kind": 'b"{}\\n"',
    "another kind": 'b\'{"kind": "other"}\\n\'',
    "half a verdict": 'b\'{"kind": "verdict"}\\n\'',
    "a verdict on nothing": 'b\'{"kind": "verdict", "verdict": {"mark": "?"}}\\n\'',
    "an end": 'b\'{"kind": "ended", "status": 0}\\n\'',
    "somebody's id": 'b\'{"kind": "pid", "pid": 1}\\n\'',
    "a course that is broken": 'b\'{"kind": "broken", "why": ""}\\n\'',
    "bytes": "bytes(range(256))",
    "without an end": 'b"x" * (9 << 20) + b"\\n"',
    "deep": 'b"[" * 100_000 + b"\\n"',
}


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.parametrize("by", ["itself", "a child"])
def test_what_is_written_into_the_channel_is_a_verdict(answers, what, by):
    fork = {"itself": "if True:", "a child": "if os.fork() == 0:"}[by]
    body = f"""
        import fcntl, os, stat, sys
        {fork}
            for channel in range(3, 40):
                try:
                    mode, access = os.fstat(channel).st_mode, fcntl.fcntl(channel, fcntl.F_GETFL) & os.O_ACCMODE
                except OSError:
                    continue
                if stat.S_ISFIFO(mode) and access == os.O_WRONLY:
                    os.write(channel, b"\\n" + {SPOILT[what]})
            if {by!r} == "a child":
                os._exit(0)
            return 2 * x
        os.wait()
        return 2 * x
        """
    if os.name == "nt":
        pytest.skip("pipes as on POSIX")
    found = answers(body, seconds=10)
    assert found[0].mark == WRONG and "into the channel" in found[0].why
    assert line_of(found[0]).startswith("def double")
    others_went_on(found)


@pytest.mark.parametrize("how", ["unlink", "truncate"])
@pytest.mark.parametrize("end", ["return 2 * x", "os._exit(1)", "while True: pass"])
def test_tests_that_learner_code_removes_end_in_words(mini, answers, how, end):
    path = mini.lesson(LESSON).folder / "tests.py"
    what = f"os.unlink({str(path)!r})" if how == "unlink" else f"os.truncate({str(path)!r}, 0)"
    found = None
    with contextlib.suppress(runner.CannotJudge):  # after a death the course is imported again, where nothing forks
        found = answers(f"import os\n{what}\n{end}")
    assert not found or found[0].exercise == "double"
    with pytest.raises(runner.CannotJudge, match="git restore tests.py"):
        check(mini)


def test_the_workers_folder_may_go(answers):
    body = """
        import os, shutil, sys
        shutil.rmtree(os.path.dirname(os.readlink("/proc/self/fd/1")))
        os._exit(3)
        """
    if sys.platform != "linux":
        pytest.skip("looks for the folder in /proc")
    found = answers(body)
    assert "exit code 3" in found[0].why
    others_went_on(found)


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        with open({path!r}, "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists({path!r}) or not os.path.getsize({path!r}):
    time.sleep(0.01)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a subreaper")
@pytest.mark.parametrize("end", ["return 2 * x", "os._exit(1)", "while True: pass"])
def test_a_daemon_ends_with_the_check(mini, answers, end):
    path = mini.root / "pid"
    answers(DAEMON.format(path=str(path)) + end)
    assert gone(int(path.read_text(encoding="ascii")), patience=1)


@pytest.mark.skipif(sys.platform != "linux", reason="counts what processes share")
def test_what_forked_children_share_is_counted_once(answers):
    body = """
        import os, time
        if not done:
            done.append(bytearray(b"x") * (300 << 20))
            for _ in range(4):
                if os.fork() == 0:
                    time.sleep(2)
                    os._exit(0)
            time.sleep(1.5)
        return 2 * x
        """
    assert answers(body, before="done = []", seconds=30, memory=GIB)[0].mark == RIGHT


def test_state_does_not_leak_into_the_next_test(mini, answers):
    body = """
        import os, sys
        os.environ["LEAKED"] = "1"
        os.environ.pop("COACH_LANG", None)
        sys.setrecursionlimit(120)
        sys.path.clear()
        os.chdir("/")
        os.closerange(0, 3)
        return 2 * x
        """
    before = """
        import os, sys
        def seen():
            return os.getcwd(), "LEAKED" in os.environ, os.environ["COACH_LANG"], len(sys.path) > 3, sys.getrecursionlimit()
        """
    total = "def total(values):\n    return float(sum(values))\n"
    path = mini.lesson(LESSON).answers
    answers(body, before=before)
    text = path.read_text(encoding="utf-8").replace(total, total.replace("return", "print(seen(), input)\n    return"))
    path.write_text(text, encoding="utf-8")
    first, second, _ = check(mini)
    assert (first.mark, second.mark) == (RIGHT, RIGHT)
    assert second.output.startswith(str((str(path.parent), False, "en", True, 1000))[:-1])


def test_a_lesson_without_tests_says_what_is_missing(mini, answers):
    (mini.lesson(LESSON).folder / "tests.py").unlink()
    with pytest.raises(runner.CannotJudge, match="There is no tests.py in .*a new lesson needs one first"):
        answers("return 2 * x")


@pytest.mark.skipif(sys.platform != "linux", reason="as a terminal that closes does it")
def test_after_a_hangup_not_even_a_loop_that_holds_the_gil_lives_on(mini):
    pid = mini.root / "pid"
    mini.lesson(LESSON).answers.write_text(
        f"import os, re\nopen({str(pid)!r}, 'w').write(str(os.getpid()) + ' ')\nre.match('(a+)+$', 'a' * 60 + 'b')\n"
    )
    code = "import sys; from coach.cli import main; sys.argv[1:] = ['check', '--timeout', '600', '0']; main()"
    with subprocess.Popen([sys.executable, "-c", code], cwd=mini.root, stdout=subprocess.DEVNULL) as parent:
        while not (pid.exists() and pid.read_text(encoding="ascii").endswith(" ")):
            assert parent.poll() is None
            time.sleep(0.05)
        parent.send_signal(signal.SIGHUP)
    assert gone(int(pid.read_text(encoding="ascii")), patience=3)


def test_a_child_that_is_over_before_it_is_heard_has_written_into_no_channel(mini):
    """On a busy machine a short job has ended, and its process is gone, when its first message is read."""
    with pool.Workers(mini.workspace, [mini.lesson(LESSON)], forks=runner.FORKS) as workers:
        worker = workers.take()
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        told = worker._checked({"kind": "pid", "pid": gone.pid})
        alive = worker._checked({"kind": "pid", "pid": os.getpid()})
        worker.close()
    assert told["kind"] == ("pid" if runner.FORKS else "noise") and alive["kind"] == "noise"
