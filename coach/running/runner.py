"""Judges a learner's code in a process of its own: with a limit on time and memory, and alive whatever that code does."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.judging.verdict import Verdict
from coach.running.death import Place, cause_of_death
from coach.running.job import GIB, OVER_MEMORY, STARVED, Job, too_much
from coach.running.outline import untouched
from coach.running.pool import Handle, Workers, kill_tree
from coach.words import UNWRITTEN, WRONG, say

TICK = 0.02  # seconds between two looks at whether to go on


GRACE = 3.0  # seconds after the time limit, in which the worker should have ended itself


PATIENCE = 300.0  # seconds for importing the course, where torch comes from a cold disk


OFTEN = 0.25  # seconds between two looks at the memory


LIMITED = sys.platform == "linux"  # whether the system limits a process's memory for us


FORKS = sys.platform == "linux"  # not on macOS, whose frameworks break in a fork; nor on Windows, which has none


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

    Debugging exercises that are untouched are judged only where they are named. A file that can't be imported has one verdict, whose exercise is "answers.py": see `by_exercise`. `on_begin` hears
    of each test's exercises before it. Raises `CannotJudge`, for which nobody's answers are to blame.
    """
    data = read_answers(lesson)
    left = untouched(lesson, data) if exercises is None else set()
    names = [name for name in lesson.names if name not in left] if exercises is None else list(exercises)
    job = job_for(lesson, data, names, seconds=seconds, memory=memory)
    with Workers(workspace, [lesson]) as workers:
        found = judge(workers, job, on_verdict=on_verdict, on_begin=on_begin) or []
    still = [as_given(lesson, name) for name in lesson.names if name in left]
    for verdict in still:
        on_verdict(verdict)
    return found + still


def as_given(lesson: Lesson, exercise: str) -> Verdict:
    """○ for a debugging exercise that is untouched: it is wrong from the start, which is no news."""
    why = say(zh="还是课程给的样子：里面有错要找", en="still as the lesson gives it: there is a fault to find")
    return Verdict(UNWRITTEN, (exercise,), f"test_{exercise}", why, path=str(lesson.answers))


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

    worker: Handle
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
            self.on_begin(", ".join(message["exercises"]))

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
        if test and "Timeout (" in fault and "in diagnose" in fault and test not in self.job.undiagnosed:
            self.job.undiagnosed.append(test)  # their answer is wrong, and has been said to be by none yet
            return
        place = Place.of(fault, self.job)
        verdict = Verdict(WRONG, self.now["exercises"], test, self.why(fault, status), path=self.job.path)
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


def broken(job: Job, why: str) -> str:
    zh = f"课程 {job.lesson} 导入失败，与你的答案无关；试试 pip install -r requirements.txt：\n{why}"
    en = (
        f"the lesson {job.lesson} can't be imported, whatever your answers; try pip install -r requirements.txt:\n{why}"
    )
    return say(zh=zh, en=en)
