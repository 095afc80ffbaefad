"""Judges a learner's code in a process of its own: with a limit on time and memory, and alive whatever that code does."""

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import psutil

from coach.judge import RIGHT, UNWRITTEN, WRONG, Verdict
from coach.lesson import Lesson
from coach.words import language, printable, say
from coach.worker import GIB, KEPT, OVER_MEMORY, STARVED, Job, printed, too_much
from coach.workspace import Workspace

TICK = 0.02  # seconds between two looks at whether to go on
GRACE = 3.0  # seconds after the time limit, in which the worker should have ended itself
PATIENCE = 300.0  # seconds for importing the course, where torch comes from a cold disk
OFTEN = 0.25  # seconds between two looks at the memory
OVERFLOW = 1 << 24  # bytes of output after which its file is cut
LIMITED = sys.platform == "linux"  # whether the system limits a process's memory for us
FORKS = sys.platform == "linux"  # not on macOS, whose frameworks break in a fork; nor on Windows, which has none
COLOURS = {RIGHT: "green", WRONG: "red", UNWRITTEN: "yellow"}

OnVerdict = Callable[[Verdict], None]


class CannotJudge(Exception):
    """The course can't be imported, or there is nothing to judge; says why, and what to do."""


def check(
    workspace: Workspace,
    lesson: Lesson,
    exercises: Iterable[str] | None = None,
    *,
    on_verdict: OnVerdict,
    on_begin: Callable[[str], None] = lambda exercise: None,
    seconds: float | None = None,
    memory: int | None = None,
) -> list[Verdict]:
    """Every verdict on the learner's answers to `exercises` (None: to all), given to `on_verdict` as it comes.

    A file that can't be imported has one verdict, whose exercise is "answers.py": see `by_exercise`. `on_begin` hears
    of each test's exercises before it. Raises `CannotJudge`, for which nobody's answers are to blame.
    """
    names = lesson.names if exercises is None else list(exercises)
    job = job_for(lesson, read_answers(lesson), names, seconds=seconds, memory=memory)
    with Workers(workspace, [lesson]) as workers:
        return judge(workers, job, on_verdict=on_verdict, on_begin=on_begin) or []


def read_answers(lesson: Lesson) -> bytes:
    try:
        return lesson.answers.read_bytes()
    except OSError as error:
        day = lesson.day
        zh = f"读不了 {lesson.answers}（{error.strerror}）；还没有开始？coach start {day}"
        en = f"can't read {lesson.answers} ({error.strerror}); not begun yet? coach start {day}"
        raise CannotJudge(say(zh=zh, en=en)) from error


def job_for(
    lesson: Lesson, data: bytes, exercises: list[str], *, seconds: float | None, memory: int | None, quick: bool = False
) -> Job:
    return Job(
        lesson=lesson.name,
        path=str(lesson.answers.resolve()),
        source=data.decode("latin-1"),
        exercises=exercises,
        memory=memory or default_memory(),
        seconds=seconds,
        quick=quick,
        polls=not LIMITED,
    )


def default_memory() -> int:
    """Four fifths of the memory that there is for us, in a container too; at least 4 GiB."""
    total = psutil.virtual_memory().total
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):  # "max": no limit
            total = min(total, int(Path(path).read_text(encoding="ascii")))
    return max(4 * GIB, total * 4 // 5)


def by_exercise(verdicts: Iterable[Verdict], exercises: Iterable[str]) -> dict[str, Verdict]:
    """The verdict of each exercise: of its tests the first ✗, else ○, else ✓. One on the whole file counts for all."""
    order = (WRONG, UNWRITTEN, RIGHT)
    ranked = sorted(verdicts, key=lambda v: order.index(v.mark))
    found = {}
    for name in exercises:
        own = (v for v in ranked if not v.test or name in v.exercise.split(", "))
        if verdict := next(own, None):
            found[name] = verdict
    return found


class Worker:
    """`python -m coach.worker`, seen from outside."""

    def __init__(self, workspace: Workspace, lessons: list[Lesson], *, forks: bool) -> None:
        self.forks, self.pid = forks, 0
        self.folder = Path(tempfile.mkdtemp(prefix="coach-"))
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        command = [sys.executable, "-P", "-m", "coach.worker", *["--forks"] * forks, str(self.folder)]
        own_group: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [*command, *(lesson.name for lesson in lessons)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=workspace.root,
                env=environment(workspace),
                **own_group,
            )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            with contextlib.suppress(ValueError):  # what a killed child did not finish
                self.messages.put(json.loads(line))
        self.messages.put({"kind": "ended", "status": self.process.wait()})

    def begin(self, job: Job) -> None:
        self.pid = 0 if self.forks else self.process.pid
        self._say({"job": vars(job)})

    def _say(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # it is gone: its end is among the messages
            assert self.process.stdin
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def hear(self, timeout: float) -> dict[str, Any] | None:
        """The next message, None if there was none for so long."""
        with contextlib.suppress(queue.Empty):
            message = self.messages.get(timeout=timeout)
            self.pid = message.get("pid", self.pid)
            return message
        if self.process.poll() is not None:
            kill_tree(self.process.pid)  # children that hold the pipe: the end would never be heard
        return None

    def end_job(self) -> None:
        """Kills what runs learner code; the end is heard of like any other."""
        if self.forks and self.process.poll() is None:
            for child in family(self.pid) if self.pid else []:
                kill(child)
            self._say({"end": True})
        else:
            kill_tree(self.process.pid)

    @property
    def memory(self) -> int:
        """What the learner's process and its children hold."""
        held = 0
        for process in family(self.pid):
            with contextlib.suppress(psutil.Error):
                held += process.memory_info().rss
        return held

    def printed(self) -> str:
        """What learner code printed since the last verdict."""
        path = self.folder / "output"
        return printed(path.stat().st_size, path) if path.exists() else ""

    def cut_output(self) -> None:
        """Keeps an endless loop that prints from filling the disk."""
        path = self.folder / "output"
        with contextlib.suppress(OSError):
            if path.stat().st_size > OVERFLOW:
                os.truncate(path, KEPT + 1)

    def fault(self) -> str:
        path = self.folder / "fault"
        return path.read_text(encoding="ascii", errors="replace") if path.exists() else ""

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace").strip()

    def close(self) -> None:
        kill_tree(self.process.pid)
        self.process.wait()
        self.reader.join()
        for stream in filter(None, (self.process.stdin, self.process.stdout)):
            with contextlib.suppress(OSError):
                stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment(workspace: Workspace) -> dict[str, str]:
    """The language is settled once; no debugger waits at a `breakpoint()`; asking for CUDA must not keep a fork from it.

    One thread, unless the learner asked for more: tests are small, and threads that share a busy core wait for each other.
    """
    ours = {"COACH_LANG": language(), "PYTHONBREAKPOINT": "0", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
    return {"OMP_NUM_THREADS": "1"} | workspace.environment() | ours


def family(pid: int) -> list[psutil.Process]:
    """The process and all its descendants."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.Error):
        process.kill()


def kill_tree(pid: int) -> None:
    """Ends a process that leads its group, its descendants, and what they left in the group."""
    members = family(pid)
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for process in members:
        kill(process)


class Workers:
    """Gives a worker for each job: the same one where it forks, else a new one, made ready beforehand if `ahead`."""

    def __init__(
        self, workspace: Workspace, lessons: list[Lesson], *, forks: bool = False, ahead: bool = False
    ) -> None:
        self.workspace, self.lessons, self.forks, self.ahead = workspace, lessons, forks, ahead
        self.spare: Worker | None = None
        if ahead:
            self.spare = self._new()

    def _new(self) -> Worker:
        return Worker(self.workspace, self.lessons, forks=self.forks)

    def take(self) -> Worker:
        worker, self.spare = self.spare, None
        if worker and worker.process.poll() is not None:
            worker.close()
            worker = None
        return worker or self._new()

    def give_back(self, worker: Worker) -> None:
        if worker.forks and worker.process.poll() is None:
            self.spare = worker
            return
        worker.close()
        self.spare = self._new() if self.ahead else None

    def close(self) -> None:
        if self.spare:
            self.spare.close()
            self.spare = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def judge(
    workers: Workers,
    job: Job,
    *,
    on_verdict: OnVerdict,
    on_begin: Callable[[str], None] = lambda exercise: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Verdict] | None:
    """Every verdict of `job`, with a new process after each death; None if `stopped` said so before the last."""
    job, verdicts = replace(job, done=list(job.done)), []

    def tell(verdict: Verdict) -> None:
        verdicts.append(verdict)
        on_verdict(verdict)

    while True:
        worker = workers.take()
        run = Run(worker, job, tell, on_begin, stopped)
        try:
            run.follow()
        except BaseException:
            worker.close()
            raise
        workers.give_back(worker)
        if run.reason in ("done", "stopped", "whole file"):
            return None if run.reason == "stopped" else verdicts


@dataclass
class Run:
    """One worker at one job: what it says, and how it ends."""

    worker: Worker
    job: Job
    tell: OnVerdict
    on_begin: Callable[[str], None]
    stopped: Callable[[], bool]
    now: dict[str, Any] = field(default_factory=dict)  # the last `begin`
    reason: str = ""  # why it ended, as far as it is known
    deadline: float = 0.0
    looked: float = 0.0
    over: bool = False  # whether it held too much at the last look

    def follow(self) -> None:
        """Hears the worker until the job is done, or its process has died."""
        self.deadline, self.looked = time.monotonic() + PATIENCE, time.monotonic()
        self.worker.begin(self.job)
        while True:
            message = self.worker.hear(TICK)
            if message and message["kind"] == "ended":
                break
            if message:
                getattr(self, f"hear_{message['kind']}")(message)
            else:
                self.look()
            if not self.reason and self.stopped():
                self.end("stopped")
        if self.reason not in ("done", "stopped", "whole file"):
            self.mourn(message["status"])

    def hear_ready(self, message: dict[str, Any]) -> None:
        self.deadline = time.monotonic() + PATIENCE

    hear_pid = hear_ready

    def hear_broken(self, message: dict[str, Any]) -> None:
        raise CannotJudge(broken(self.job, message["why"]))

    def hear_begin(self, message: dict[str, Any]) -> None:
        self.now = message
        self.deadline = time.monotonic() + message["limit"] + GRACE
        if message["test"]:
            self.on_begin(message["exercise"])

    def hear_verdict(self, message: dict[str, Any]) -> None:
        if self.reason:
            return
        verdict = Verdict(**message["verdict"])
        self.job.done.append(verdict.test)
        self.tell(verdict)
        if not verdict.test:
            self.reason = "whole file"

    def hear_done(self, message: dict[str, Any]) -> None:
        self.reason = self.reason or "done"

    def look(self) -> None:
        """Ends what outlasts its time, or holds too much memory together with its children."""
        now = time.monotonic()
        if now > self.deadline and self.reason:  # killed, and still not gone
            kill_tree(self.worker.process.pid)
        elif now > self.deadline:
            self.end("time")
        elif not self.reason and now > self.looked + OFTEN:
            self.looked = now
            self.worker.cut_output()
            over = bool(self.now) and self.worker.memory > self.job.memory
            if over and self.over:  # its own watch comes first: that one notes the line
                self.end("memory")
            self.over = over

    def end(self, reason: str) -> None:
        self.reason, self.deadline = reason, time.monotonic() + GRACE
        self.worker.end_job()

    def mourn(self, status: int) -> None:
        """The verdict on a process that died, in the test it was at."""
        fault, test = self.worker.fault(), self.now.get("test", "")
        if not self.now:
            raise CannotJudge(broken(self.job, f"{self.worker.log()}\n(exit {status})"))
        if test and "Timeout (" in fault and "in _diagnose" in fault and test not in self.job.undiagnosed:
            self.job.undiagnosed.append(test)  # their answer is wrong, and has been said to be by none yet
            return
        place = Place.of(fault, self.job)
        verdict = Verdict(WRONG, self.now["exercise"], test, self.why(fault, status), path=self.job.path)
        verdict.line, verdict.code = place.line, place.code
        verdict.test_path, verdict.test_line, verdict.test_code = place.test_path, place.test_line, place.test_code
        verdict.output = self.worker.printed()
        self.reason = ""
        self.hear_verdict({"verdict": vars(verdict)})

    def why(self, fault: str, status: int) -> str:
        """What ended the process, in words."""
        if self.reason == "time" or fault.startswith("Timeout ("):
            limit = f"{self.now['limit']:g}"
            zh, en = f"超过 {limit} 秒仍未结束：是不是死循环？", f"not done after {limit} s: an endless loop?"
            return say(zh=zh, en=en)
        if self.reason == "memory" or fault.startswith(OVER_MEMORY) or STARVED.search(self.worker.printed()):
            return too_much(self.job.memory)
        return cause_of_death(fault, status)


def cause_of_death(fault: str, status: int) -> str:
    """What a dead process's report and its exit status say."""
    if found := re.match(r"(?:Fatal Python error|Windows fatal exception): (.+)", fault):
        zh = f"它让 Python 进程崩溃了：{found[1]}"
        return say(zh=zh, en=f"it crashed the Python process: {found[1]}")
    if status == -getattr(signal, "SIGKILL", 9):
        zh, en = "系统终止了这个进程：很可能是内存不够", "the system killed the process: most likely for want of memory"
        return say(zh=zh, en=en)
    if status < 0:
        name = signal.Signals(-status).name
        return say(zh=f"信号 {name} 终止了它的进程", en=f"the signal {name} ended its process")
    zh, en = f"它结束了整个 Python 进程（退出码 {status}）", f"it ended the whole Python process (exit code {status})"
    return say(zh=zh, en=en)


def broken(job: Job, why: str) -> str:
    zh = f"课程 {job.lesson} 导入失败，与你的答案无关；试试 pip install -r requirements.txt：\n{why}"
    en = (
        f"the lesson {job.lesson} can't be imported, whatever your answers; try pip install -r requirements.txt:\n{why}"
    )
    return say(zh=zh, en=en)


@dataclass
class Place:
    """Where a process was when it died: in the learner's file, and in the lesson's tests."""

    line: int = 1
    code: str = ""
    test_path: str = ""
    test_line: int = 0
    test_code: str = ""

    @classmethod
    def of(cls, fault: str, job: Job) -> "Place":
        """Read from faulthandler's report, the innermost frames first; the main thread is the last one in it."""
        place, tests = cls(), str(Path(job.path).with_name("tests.py"))
        lines, course = job.lines, Path(tests).read_text(encoding="utf-8").splitlines()
        if line := innermost(fault, job.path):
            place.line, place.code = line, lines[line - 1].strip() if line <= len(lines) else ""
        if line := innermost(fault, tests):
            place.test_path, place.test_line, place.test_code = tests, line, course[line - 1].strip()
        return place


def innermost(fault: str, path: str) -> int:
    """The line in `path` that the report names, 0 if none: of the thread that died, else of the oldest one."""
    threads = re.split(r"(?m)^(?=(?:Current thread|Thread) )", fault)
    threads.sort(key=lambda thread: thread.startswith("Current thread"))
    written = path.encode("ascii", "backslashreplace").decode()[:500]
    frame = re.compile(rf'File "{re.escape(written)}(?:\.\.\.)?", line (\d+)')
    return next((int(found[1]) for thread in reversed(threads) if (found := frame.search(thread))), 0)


def problem(verdict: Verdict, root: Path | None = None) -> str:
    """`path:line:column: error: exercise: message`, for VS Code; the path is relative to the workspace, with slashes."""
    path = Path(verdict.path)
    root = root or Workspace.here().root
    shown = path.relative_to(root.resolve()).as_posix() if path.is_relative_to(root.resolve()) else str(path)
    said = [verdict.why.partition("\n")[0], verdict.likely]
    if verdict.expected and verdict.got:
        zh, en = f"应为 {verdict.expected}，得到 {verdict.got}", f"expected {verdict.expected}, got {verdict.got}"
        said.insert(1, say(zh=zh, en=en))
    message = " ".join(" · ".join(filter(None, said)).split())
    return f"{shown}:{verdict.line}:{column_of(verdict)}: error: {verdict.exercise}: {message}"


def column_of(verdict: Verdict) -> int:
    """Counted from 1: where the verdict knows it, else where the line's code begins."""
    if verdict.column:
        return verdict.column
    with contextlib.suppress(OSError, IndexError):
        line = Path(verdict.path).read_bytes().splitlines()[verdict.line - 1]
        return len(line) - len(line.lstrip()) + 1
    return 1


def render(verdict: Verdict, *, colour: bool | None = None) -> str:
    """The verdict as `check` and `watch` print it, with what the code printed beneath; coloured on a terminal."""
    if colour is None:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    first, *rest = str(verdict).split("\n")
    if colour:
        first = click.style(first, fg=COLOURS[verdict.mark], bold=verdict.mark == WRONG)
    if verdict.output.strip():
        heading = f"    {say(zh='输出', en='printed')}"
        shown = [f"    | {line}" for line in verdict.output.rstrip().split("\n")]
        rest += [click.style(heading, dim=True) if colour else heading, *shown]
    return "\n".join([first, *rest])


def tell(text: str) -> None:
    """Prints at once; for every console, and with colours on Windows' too."""
    click.echo(printable(text, getattr(sys.stdout, "encoding", None)))
