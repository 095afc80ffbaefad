"""The tasks: every command line of tasks.json is run, and its problem matcher reads what was really printed."""

import importlib.util
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from coach.commands.group import COMMANDS
from coach.course.workspace import Workspace

from .checkout import Copy
from .dap import line_of
from .vscode import REPOSITORY, Window

pytestmark = pytest.mark.slow
WRONG = "return torch.zeros(num_pixels, 2, 3)"
RIGHT = (
    "rays = torch.zeros(num_pixels, 2, 3)\n    rays[:, 1, 0] = 1\n"
    "    rays[:, 1, 1] = torch.linspace(-y_limit, y_limit, num_pixels)\n    return rays"
)
LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])


def command_line(copy: Copy, label: str, **inputs: str) -> list[str]:
    """What VS Code starts, with the learner's file in front and the cursor in its first exercise."""
    line = line_of(copy.answers, "def make_rays_1d") if copy.answers.exists() else 1
    task = Window(copy.root, copy.answers, line, inputs=inputs).task(label)
    assert task["type"] == "process" and task["command"] == sys.executable
    return [task["command"], *task["args"]]


def run(copy: Copy, label: str, lang: str = "en", **inputs: str) -> "subprocess.CompletedProcess[str]":
    return copy.run(*command_line(copy, label, **inputs), lang=lang)


@dataclass
class Mark:
    """A line of the Problems view."""

    path: Path
    line: int
    column: int
    severity: str
    message: str


def marks(copy: Copy, label: str, printed: str) -> list[Mark]:
    """What the task's problem matcher makes of the lines in `printed`."""
    matcher = copy.window.read("tasks")["tasks"]
    matcher = next(task for task in matcher if task["label"].startswith(label))["problemMatcher"]
    assert matcher["fileLocation"][1] == "${workspaceFolder}"
    pattern = matcher["pattern"]
    found = [re.match(pattern["regexp"], line) for line in printed.splitlines()]
    return [
        Mark(
            copy.root / hit[pattern["file"]],
            int(hit[pattern["line"]]),
            int(hit[pattern["column"]]),
            hit[pattern["severity"]],
            hit[pattern["message"]],
        )
        for hit in found
        if hit
    ]


RUN = (
    "check the exercise at the cursor", "check this file", "watch", "hint at the cursor", "compare with the course's answer",
    "give up and show the answer", "reset the exercise at the cursor", "undo", "update", "self-check questions",
    "next exercise", "progress", "contents", "start a day", "language", "dojo", "notebook of this lesson",
    "report the exercise at the cursor", "book", "doctor",
)  # fmt: skip


def test_no_task_is_left_out_here():
    labels = [task["label"] for task in Window(REPOSITORY).read("tasks")["tasks"]]
    labels.remove("torchrun: train.py · 用 torchrun 跑 train.py")
    assert len(labels) == len(RUN)
    for label in labels:
        assert any(label.startswith(f"coach: {name}") for name in RUN), label
        assert " · " in label


def test_every_command_of_coach_but_the_author_s_and_the_teacher_s_has_a_task():
    given = {task["args"][3] if len(task["args"]) > 3 else "" for task in Window(REPOSITORY).read("tasks")["tasks"]}
    assert set(COMMANDS) - {"lesson", "classroom", "read"} <= given
    in_lines = [
        task["label"] for task in Window(REPOSITORY).read("tasks")["tasks"] if "${input:exercise}" in task["args"]
    ]
    assert not in_lines, "the cursor says which exercise"


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's rendezvous needs libuv, which torch for Windows lacks")
def test_torchrun_trains_in_two_processes(copy):
    task = Window(copy.root, copy.answers).task("torchrun: train.py")
    folder = task["options"]["cwd"]
    done = copy.run(task["command"], *task["args"], "--epochs=1", cwd=folder)
    assert done.returncode == 0, done.stdout
    assert "2 x cpu, gloo: 24 steps" in done.stdout


def test_every_day_can_be_chosen():
    (day,) = (one for one in Window(REPOSITORY).read("tasks")["inputs"] if one["id"] == "day")
    assert {str(lesson.day) for lesson in Workspace(REPOSITORY).lessons} <= set(day["options"])
    assert day["default"] in day["options"]


def test_start_makes_the_learners_file(fresh):
    done = run(fresh, "coach: start a day")
    assert done.returncode == 0, done.stdout
    assert fresh.answers.is_file()


def test_ctrl_shift_b_checks_the_exercise_at_the_cursor(copy):
    (build,) = (task for task in copy.window.read("tasks")["tasks"] if task.get("group", {}).get("kind") == "build")
    assert build["group"]["isDefault"] and build["label"].startswith("coach: check the exercise at the cursor")
    copy.answer("make_rays_1d", WRONG)
    done = run(copy, "coach: check the exercise at the cursor")
    (mark,) = marks(copy, "coach: check the exercise at the cursor", done.stdout)
    assert done.returncode == 1 and mark.message.startswith("make_rays_1d: ")
    assert len(done.stdout.splitlines()) < 15, done.stdout


@LANGUAGES
def test_check_marks_a_wrong_answer_at_the_learners_line(copy, lang):
    line = copy.answer("make_rays_1d", WRONG)
    done = run(copy, "coach: check this file", lang)
    assert done.returncode == 1, done.stdout
    found = marks(copy, "coach: check this file", done.stdout)
    mark = next(one for one in found if one.message.startswith("make_rays_1d: "))
    own = copy.answers.read_text(encoding="utf-8").splitlines()
    assert mark.path == copy.answers and mark.severity == "error"
    assert own[mark.line - 1].startswith("def make_rays_1d") or mark.line == line
    assert own[mark.line - 1][: mark.column - 1].strip() == ""
    assert len(mark.message) > len("make_rays_1d: ") + 5
    assert len(found) == done.stdout.count("✗ ") - 1, "one mark for each wrong answer; the sum at the end is none"


@pytest.mark.thorough
def test_another_regular_expression_finds_no_mark(copy):
    """The mutation, on a copy: without its columns the matcher reads nothing of what `check` prints."""
    copy.answer("make_rays_1d", WRONG)
    done = run(copy, "coach: check this file")
    tasks = copy.root / ".vscode" / "tasks.json"
    tasks.write_text(
        tasks.read_text(encoding="utf-8").replace(r":(\\d+):(\\d+): ", r"\\((\\d+),(\\d+)\\): "), encoding="utf-8"
    )
    assert marks(copy, "coach: check this file", done.stdout) == []


def test_a_right_answer_leaves_no_mark_of_its_own(copy):
    copy.answer("make_rays_1d", RIGHT)
    done = run(copy, "coach: check this file")
    assert not [mark for mark in marks(copy, "coach: check this file", done.stdout) if "make_rays_1d" in mark.message]


@dataclass
class Background:
    """A task in the background: the marks are those of the last round, as VS Code's background matcher keeps them."""

    copy: Copy
    matcher: dict[str, Any]
    process: subprocess.Popen
    lines: list[str] = field(default_factory=list)

    def listen(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))

    def rounds(self) -> int:
        return sum(bool(re.match(self.matcher["background"]["endsPattern"], line)) for line in list(self.lines))

    def wait(self, rounds: int) -> list[Mark]:
        """The marks once so many rounds have ended."""
        until = time.monotonic() + 90
        while self.rounds() < rounds:
            assert time.monotonic() < until and self.process.poll() is None, "\n".join(self.lines)
            time.sleep(0.05)
        begins = re.compile(self.matcher["background"]["beginsPattern"])
        lines = list(self.lines)
        last = max((number for number, line in enumerate(lines) if begins.match(line)), default=0)
        return marks(self.copy, "coach: watch", "\n".join(lines[last:]))


@LANGUAGES
def test_watch_marks_and_takes_the_mark_away_again(copy, lang):
    copy.answer("make_rays_1d", WRONG)
    before = copy.answers.read_text(encoding="utf-8")
    task = copy.window.read("tasks")["tasks"]
    matcher = next(one for one in task if one["label"].startswith("coach: watch"))["problemMatcher"]
    process = subprocess.Popen(
        command_line(copy, "coach: watch"), cwd=copy.root, env=copy.environment(lang) | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    watch = Background(copy, matcher, process)
    reader = threading.Thread(target=watch.listen)
    reader.start()
    try:
        assert any(mark.message.startswith("make_rays_1d: ") for mark in watch.wait(2))
        copy.answers.write_text(before.replace(WRONG, RIGHT), encoding="utf-8", newline="\n")
        assert not any(mark.message.startswith("make_rays_1d: ") for mark in watch.wait(3))
        watch.matcher["background"]["beginsPattern"] = "^no round begins like this"
        assert any(mark.message.startswith("make_rays_1d: ") for mark in watch.wait(3)), "the mutation: old marks stay"
    finally:
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
        process.wait(30)
        reader.join(30)
        if process.stdout:
            process.stdout.close()


def test_what_is_asked_at_the_cursor_is_about_that_exercise(copy):
    copy.answer("make_rays_1d", RIGHT)
    before = copy.answers.read_bytes()
    hint = run(copy, "coach: hint at the cursor", "zh")
    assert hint.returncode == 0 and "提示 1/" in hint.stdout, hint.stdout
    assert run(copy, "coach: compare with the course's answer").returncode == 0
    report = run(copy, "coach: report the exercise at the cursor")
    assert report.returncode == 0 and "make_rays_1d-1.md" in report.stdout, report.stdout
    assert run(copy, "coach: give up and show the answer").returncode == 0
    reset = run(copy, "coach: reset the exercise at the cursor")
    assert reset.returncode == 0 and "make_rays_1d" in reset.stdout, reset.stdout
    assert copy.answers.read_bytes() != before
    assert run(copy, "coach: undo").returncode == 0
    assert copy.answers.read_bytes() == before
    following = run(copy, "coach: next exercise")
    assert "intersect_ray_1d" in following.stdout, following.stdout


def test_the_rest_of_the_tasks(copy, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_DOJO", str(tmp_path / "dojo"))
    for label in ("update", "progress", "contents", "self-check questions", "notebook of this lesson"):
        done = run(copy, f"coach: {label}", "zh")
        assert done.returncode == 0, (label, done.stdout)
    assert list(copy.lesson.folder.glob("*.ipynb"))
    if not importlib.util.find_spec("furo"):
        book = run(copy, "coach: book")
        assert book.returncode == 2 and "pip install -e '.[book]'" in book.stdout + book.stderr
    assert run(copy, "coach: dojo", dojo="unix").returncode == 3
    assert run(copy, "coach: language", language="zh").returncode == 0
    assert 'lang="zh"' in copy.answers.read_text(encoding="utf-8")


@LANGUAGES
def test_doctor_examines_this_machine(copy, lang):
    """Whether it is healthy is not this test's business."""
    done = run(copy, "coach: doctor", lang)
    assert done.returncode in (0, 1) and len(done.stdout.splitlines()) > 5, done.stdout
