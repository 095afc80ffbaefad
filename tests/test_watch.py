"""`watch`: a verdict for every save, of what the save changed and nothing else; and nothing left behind."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from coach.commands.follow import BEGIN, END, TextTeller
from coach.running import watch as module
from coach.running.outline import Outline
from coach.running.runner import FORKS
from coach.running.watch import watch
from coach.words import Trouble

LESSON = "part0_numbers"
MENDED = ("result = value", "result += value")  # the exercise in debugging, out of the way
STUB = "raise NotImplementedError"
PATIENCE = 30


class Watched:
    """A `watch` in a thread: what it tells, and a way to wait for it."""

    def __init__(self, mini, *, fork: bool, seconds: float = 20, only: str = "", lessons=(LESSON,)) -> None:
        self.answers = mini.lesson(LESSON).answers
        self.lines: queue.Queue[str] = queue.Queue()
        self.stopped = threading.Event()
        self.thread = threading.Thread(
            target=watch,
            args=(
                mini.workspace,
                [mini.lesson(name) for name in lessons],
                TextTeller(self.lines.put, mini.workspace.root),
            ),
            kwargs={"fork": fork, "seconds": seconds, "only": only, "stopped": self.stopped},
        )
        self.thread.start()
        self.hear(END)

    def hear(self, start: str) -> list[str]:
        """What is told up to the next text that begins so."""
        told = []
        while not told or not told[-1].startswith(start):
            told.append(self.lines.get(timeout=PATIENCE))
        return told

    def round(self) -> list[str]:
        """The verdicts and problems of the next judgement that is carried through."""
        return [text for text in self.hear(END) if not text.startswith((BEGIN, END))]

    def edit(self, old: str, new: str) -> None:
        text = self.answers.read_text(encoding="utf-8")
        assert old in text
        self.answers.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")

    def quiet(self) -> bool:
        time.sleep(0.5)
        return self.lines.empty()

    def close(self) -> None:
        self.stopped.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def watched(mini):
    """Begins a `watch` of the lesson; at the end none of its processes may be left."""
    before = set(psutil.Process().children(recursive=True))
    begun: list[Watched] = []

    def begin(**options) -> Watched:
        options.setdefault("fork", FORKS)
        begun.append(Watched(mini, **options))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()
    assert set(psutil.Process().children(recursive=True)) <= before


@pytest.mark.parametrize("fork", [False, *[True] * FORKS])
def test_a_save_brings_a_verdict(mini, watched, fork):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched(fork=fork)
    assert now.round() == ["✓ double", "✓ mean"]
    now.edit("return 2 * x", "return x**2")
    wrong, problem = now.round()
    assert wrong.startswith("✗ double") and "not the double" in wrong
    line = now.answers.read_text(encoding="utf-8").split("return x**2")[0].count("\n")
    assert problem.startswith(f"chapter0_fundamentals/exercises/{LESSON}/answers.py:{line - 1}:1: error: double: ")
    now.edit("return x**2", "return 2 * x")
    assert now.round() == ["✓ double"]


def test_only_what_changed_is_judged(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"), (STUB, "return float(sum(values))"))
    now = watched()
    assert [text[:8] for text in now.round()[:2]] == ["✓ double", "✓ total"]
    now.edit("return float(sum(values))", "return 0.0")
    told = now.round()
    assert told[0].startswith("✗ total") and len(told) == 2
    now.edit("return 2 * x", "return x + x")
    double, still_wrong = now.round()
    assert double == "✓ double"
    assert "error: total" in still_wrong  # the editor's mark must not go with another exercise's save
    now.edit("from part0_numbers import tests", "import math\nfrom part0_numbers import tests")
    assert {text[2:8].strip(": ") for text in now.round()} >= {"double", "total"}


def test_a_debugging_exercise_waits_until_it_is_touched(mini, watched):
    mini.begin(LESSON, (STUB, "return 2 * x"))
    now = watched()
    assert now.round() == ["✓ double"]
    now.edit("result = value", "result = 2 * value")
    assert now.round()[0].startswith("✗ mean")


def test_one_exercise_alone(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"), (STUB, "return 0.0"))
    now = watched(only="double")
    assert now.round() == ["✓ double"]
    now.edit("return 0.0", "return 1.0")
    assert now.round() == []  # it was saved, and is another's
    now.edit("return 2 * x", "return x**2")
    assert now.round()[0].startswith("✗ double")
    now.edit("from part0_numbers import tests", "import math\nfrom part0_numbers import tests")
    assert [text[:8] for text in now.round() if "error:" not in text] == ["✗ double"]


def test_a_problem_moves_with_its_line(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"), (STUB, "return 0.0"))
    now = watched()
    before = now.round()[-1]
    now.edit("return 2 * x", "y = x\n    return x + y")
    after = now.round()[-1]
    assert int(after.split(":")[1]) == int(before.split(":")[1]) + 1


def test_a_helper_that_moved_with_its_cell_fails_at_its_line_of_now(mini, watched):
    path = mini.begin(LESSON, MENDED, (STUB, "return 2 * helper(x)"))
    helper = "\n# %%\ndef helper(x):\n    return x.nothing\n"
    path.write_text(path.read_text(encoding="utf-8") + helper, encoding="utf-8", newline="\n")
    now = watched()
    for new in ("y = helper(x)\n    return 2 * y", "y = helper(x)\n    y = 2 * y\n    return y"):
        old = path.read_text(encoding="utf-8").split('"""Twice `x`."""\n    ')[1].split("\n\n")[0]
        now.round()
        now.edit(old, new)
    verdict = now.round()[0]
    at = path.read_text(encoding="utf-8").split("return x.nothing")[0].count("\n") + 1
    assert "AttributeError" in verdict and f"answers.py:{at}  return x.nothing" in verdict


def test_half_a_save_is_not_judged(mini, watched, monkeypatch):
    monkeypatch.setattr(module, "SETTLE", 2.0)
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched()
    now.round()
    text = now.answers.read_text(encoding="utf-8")
    whole = text.replace("return 2 * x", "return x * 2")
    for half in ("", whole[: whole.index("return x")], whole[: whole.index("def total")], whole):
        now.answers.write_text(half, encoding="utf-8", newline="\n")
        time.sleep(0.1)
    assert now.round() == ["✓ double"]
    assert now.quiet()


def test_a_text_that_stays_wrong_is_judged_and_mended(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched()
    now.round()
    now.edit("return 2 * x", "return 2 * (x")
    verdict, problem = now.round()
    assert verdict.startswith("✗ answers.py: SyntaxError") and ": error: answers.py: SyntaxError" in problem
    now.edit("return 2 * (x", "return 2 * x")
    assert now.round()[0] == "✓ double"


def test_the_last_save_wins(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched(seconds=600)
    now.round()
    now.edit("return 2 * x", "while True: pass")
    now.hear(BEGIN)
    now.edit("while True: pass", "return x + x")
    assert now.round() == ["✓ double"]
    assert now.quiet()


def test_an_endless_loop_ends_and_the_next_save_is_judged(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "while True: pass"))
    now = watched(seconds=1)
    assert "not done after 1 s" in now.round()[0]
    now.edit("while True: pass", "return 2 * x")
    assert now.round() == ["✓ double"]


def test_the_course_is_read_anew_when_it_changes(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched()
    assert now.round()[0] == "✓ double"
    tests = mini.lesson(LESSON).folder / "tests.py"
    text = tests.read_text(encoding="utf-8").replace("close(double(3.0), 6.0)", "close(double(3.0), 600.0)")
    tests.write_text(text, encoding="utf-8", newline="\n")
    assert now.round()[0].startswith("✗ double")


@pytest.mark.parametrize("fork", [False, *[True] * FORKS])
def test_a_day_begun_meanwhile_is_judged(mini, watched, fork):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched(fork=fork, lessons=(LESSON, "part1_boxes", "part2_later"))
    assert now.round() == ["✓ double", "✓ mean"]
    now.answers = mini.begin("part2_later")
    assert now.round() == []  # nothing is written yet
    now.edit(STUB, "return -x")
    assert now.round() == ["✓ opposite"]
    now.edit("return -x", "return x")
    assert now.round()[0].startswith("✗ opposite")
    now.answers = mini.lesson(LESSON).answers
    now.edit("return 2 * x", "return x + x")
    assert now.round()[0] == "✓ double"


def test_what_stands_in_one_file_s_place_ends_no_other(mini, watched):
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    other = mini.begin("part0_words")
    now = watched(lessons=(LESSON, "part0_words"))
    assert now.round() == ["✓ double", "✓ mean"]
    assert now.round() == []  # the other lesson's, where nothing is written yet
    for _ in range(2):
        other.unlink()
        other.mkdir()
        (told,) = now.round()
        assert "is a folder" in told and "move it away" in told
        now.edit("return 2 * x", "return x * 2")
        assert now.round() == ["✓ double"]
        now.edit("return x * 2", "return 2 * x")
        assert now.round() == ["✓ double"]
        time.sleep(1.5)  # longer than a heartbeat: it is told once
        assert now.quiet()
        other.rmdir()
        mini.begin("part0_words", (STUB, "return word.upper()" + "  #" * _))
        assert now.round()[0].startswith("✓ loud")


def test_a_helper_that_is_saved_brings_a_verdict(mini, watched):
    helper = mini.lesson(LESSON).folder / "helpers.py"
    helper.write_text("def twice(x):\n    return 2 * x\n")
    mini.begin(LESSON, MENDED, ("from part0", "import helpers\nfrom part0"), (STUB, "return helpers.twice(x)"))
    now = watched()
    assert now.round() == ["✓ double", "✓ mean"]
    helper.write_text("def twice(x):\n    return 3 * x\n")  # of equal length, within the same second
    assert now.round()[0].startswith("✗ double")
    helper.write_text("def twice(x):\n    return 2 * x\n")
    assert now.round() == ["✓ double", "✓ mean"]
    helper.with_name("scratch.py").write_text("x = 1\n")
    assert now.quiet()


def test_a_day_may_be_the_first(mini, watched):
    now = watched(lessons=("part1_boxes", LESSON))
    now.answers = mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    assert now.round() == ["✓ double", "✓ mean"]
    now.answers.unlink()
    assert now.quiet()
    mini.begin(LESSON, MENDED, (STUB, "return x**2"))
    assert now.round()[0].startswith("✗ double")


def test_where_the_system_watches_no_more_folders_saves_are_heard(mini, watched, monkeypatch):
    real = module.watchfiles.watch

    def full(*folders, force_polling=None, **options):
        if not force_polling:
            raise OSError("OS file watch limit reached.")
        return real(*folders, force_polling=True, **options)

    monkeypatch.setattr(module.watchfiles, "watch", full)
    mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched()
    assert now.round() == ["✓ double", "✓ mean"]
    now.edit("return 2 * x", "return x**2")
    assert now.round()[0].startswith("✗ double")


@pytest.mark.parametrize("error", [OSError("nothing can be watched"), RuntimeError("nothing can be watched")])
def test_a_watch_that_hears_nothing_ends_and_says_so(mini, monkeypatch, error):
    def nothing(*folders, **options):
        raise error

    monkeypatch.setattr(module.watchfiles, "watch", nothing)
    mini.begin(LESSON, MENDED)
    with pytest.raises(Trouble, match=rf"no save is heard.*{type(error).__name__}: nothing can be watched"):
        watch(mini.workspace, [mini.lesson(LESSON)], TextTeller(lambda text: None))


def test_the_same_text_again_is_no_news(mini, watched):
    path = mini.begin(LESSON, MENDED, (STUB, "return 2 * x"))
    now = watched()
    now.round()
    path.write_bytes(path.read_bytes())
    assert now.quiet()


def test_a_change_reaches_what_needs_it():
    old = b"import math\nN = 2\ndef helper(x):\n    return N * x\ndef f(x):\n    return helper(x)\ndef g(x):\n    return x\n"
    outline = Outline(old)

    def changed(a: bytes, b: bytes):
        assert a in old
        return Outline(old.replace(a, b)).changed_since(outline)

    assert changed(b"    return x\n", b"    return -x\n") == {"g"}
    assert changed(b"N * x", b"x * N") == {"helper", "f"}
    assert changed(b"N = 2", b"N = 3") == {"N", "helper", "f"}
    assert changed(b"import math", b"import os") is None
    assert changed(b"def g", b"# a remark\n\ndef g") == set()
    assert changed(b"def helper(x):\n    return N * x\n", b"") == {"helper", "f"}
    assert changed(b"def f", b"# %%\ndef f") == set()
    assert changed(b"def g", b"if __name__ == '__main__':\n    f(1)\ndef g") == set()


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("fork", [False, *[True] * FORKS])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_command(mini, fork, how):
    there = mini.root / "there"
    mini.begin(LESSON, MENDED, (STUB, f"open({str(there)!r}, 'w').close()\n    while True: pass"))
    code = f"""if True:
        from coach.commands.follow import TextTeller
        from coach.running.watch import watch
        from coach.course.workspace import Workspace
        here = Workspace.here()
        watch(here, [x for x in here.lessons if x.name == {LESSON!r}], TextTeller(print), fork={fork}, seconds=600)
    """
    scratch = mini.root / "scratch"
    scratch.mkdir()
    command, env = [sys.executable, "-u", "-c", code], os.environ | {"TMPDIR": str(scratch)}
    with subprocess.Popen(command, cwd=mini.root, env=env, stdout=subprocess.DEVNULL) as process:
        while not there.exists():
            assert process.poll() is None
            time.sleep(0.05)
        started = psutil.Process(process.pid).children(recursive=True)
        assert started
        process.send_signal(how)
    _, alive = psutil.wait_procs(started, timeout=PATIENCE)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    assert not list(scratch.iterdir())
