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
from coach.running.explained import too_slow_to_read
from coach.running.isolated import why_not
from coach.running.job import GIB, OVER_MEMORY, STARVED, Job, too_long, too_much, verdict_from
from coach.running.outline import outline_of, untouched
from coach.running.pool import Handle, Workers, kill_tree
from coach.words import UNWRITTEN, WRONG, say, visible

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
    isolated: bool = False,
) -> list[Verdict]:
    """Every verdict on the learner's answers to `exercises` (None: to all), given to `on_verdict` as it comes.

    Debugging exercises that are untouched are judged only where they are named. A file that can't be imported has one
    verdict, whose exercise is "answers.py". `on_begin` hears of each test's exercises before it. Raises `CannotJudge`,
    for which nobody's answers are to blame; where `isolated` was asked for and can't be had, too.
    """
    data = read_answers(lesson)
    left = untouched(lesson, data) if exercises is None else set()
    names = [name for name in lesson.names if name not in left] if exercises is None else list(exercises)
    job = job_for(lesson, data, names, seconds=seconds, memory=memory)
    if isolated and (why := why_not()):
        raise CannotJudge(unconfined(why))
    with Workers(workspace, [lesson], forks=FORKS, isolated=isolated) as workers:
        found = judge(workers, job, on_verdict=on_verdict, on_begin=on_begin) or []
    if names and not found:
        raise CannotJudge(untested(job))
    whole = not any(not verdict.test for verdict in found)  # else one verdict on the file has been said
    still = [as_given(lesson, name) for name in lesson.names if name in left and whole]
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
    noise: bool = False  # whether what came last was none of our messages

    def follow(self) -> None:
        """Hears the worker until the job is done, or its process has died."""
        self.deadline, self.looked = time.monotonic() + PATIENCE, time.monotonic()
        self.worker.begin(self.job)
        while (status := self.obey(self.worker.hear(TICK))) is None:
            self.look()
            if not self.reason and self.stopped():
                self.end("stopped")
        if self.reason not in ("done", "stopped", "whole file"):
            self.mourn(status)

    def obey(self, message: dict[str, Any] | None) -> int | None:
        """Takes in what the worker says, which is its exit status at last; this is the whole of the protocol."""
        heard, self.noise = self.noise, False
        match message:
            case None:
                self.noise = heard
            case {"kind": "ended", "status": int(status)}:
                return status  # a line that it did not finish is no wonder
            case _ if self.reason:
                pass
            case {"kind": "noise"}:
                self.noise = True
            case _ if heard:
                self.spoilt()
            case {"kind": "ready" | "pid"}:
                self.deadline = time.monotonic() + PATIENCE
            case {"kind": "broken", "why": str(why)} if not self.now:
                raise CannotJudge(broken(self.job, why))
            case {"kind": "begin", "test": str(test), "exercises": [*names], "limit": int() | float() as limit}:
                self.now = {"test": test, "exercises": [str(name) for name in names], "limit": limit}
                self.deadline = time.monotonic() + limit + GRACE
                if test:
                    self.on_begin(", ".join(self.now["exercises"]))
            case {"kind": "verdict", "verdict": fields} if self.take(verdict_from(fields)):
                pass
            case {"kind": "done"}:
                self.reason = "done"
            case _:
                self.spoilt()
        return None

    def take(self, verdict: Verdict | None) -> bool:
        """Tells the verdict on what was begun last; False if it is on anything else, or none."""
        if verdict is None or not self.now or verdict.test != self.now["test"]:
            return False
        self.job.done.append(verdict.test)
        self.tell(verdict)
        if not verdict.test:
            self.reason = "whole file"
        return True

    def spoilt(self) -> None:
        """Nothing that comes over the channel can be believed any more."""
        if not self.now:
            raise CannotJudge(broken(self.job, self.worker.log()))
        self.end("spoilt")

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
            over = bool(self.now) and self.worker.holds_over(self.job.memory)
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
        place = Place.of(fault, self.job, at_import=not test)
        verdict = Verdict(
            WRONG, self.now["exercises"], test, self.why(fault, status), path=self.job.path, **vars(place)
        )
        verdict.line = place.line or self.line_of(verdict.exercises)
        verdict.output = visible(self.worker.printed())
        self.reason = ""
        self.take(verdict)

    def line_of(self, exercises: tuple[str, ...]) -> int:
        """Where the first of these is defined; 1 if it can't be told."""
        outline = outline_of(self.job.data)
        return next((outline.lines[name] for name in exercises if outline and name in outline.lines), 1)

    def why(self, fault: str, status: int) -> str:
        """What ended the process, in words."""
        if self.reason == "time" or fault.startswith("Timeout ("):
            limit = self.now["limit"]
            return too_long(limit) if self.now["test"] else too_slow_to_read(f"{limit:g}")
        if self.reason == "memory" or fault.startswith(OVER_MEMORY) or STARVED.search(self.worker.printed()):
            return too_much(self.job.memory)
        if self.reason == "spoilt":
            zh = "它写进了 coach 与它之间的通道，之后的结果都不可信：不要写文件描述符 3 及以上的"
            en = "it wrote into the channel between it and coach, and nothing after that can be believed: leave descriptors from 3 on alone"
            return say(zh=zh, en=en)
        return cause_of_death(fault, status)


def unconfined(why: str) -> str:
    """Says that the system can't keep learner code from the network and from other files."""
    zh = f"这个系统没法隔离被评判的代码（{why}）。在 Linux 上、GitHub 的工作流里或容器里评判；自己的代码不需要 --isolated。"
    en = f"this system can't confine what is judged ({why}). Judge on Linux, in a workflow on GitHub, or in a container; your own code needs no --isolated."
    return say(zh=zh, en=en)


def untested(job: Job) -> str:
    """Says that the lesson's tests name none of the exercises."""
    tests, named = Path(job.path).with_name("tests.py"), ", ".join(job.exercises)
    zh = f"{tests} 里没有 {named} 的测试。改动过它？git restore tests.py 可以恢复（在那个文件夹里）。"
    en = f"{tests} holds no test of {named}. Was it changed? git restore tests.py, in that folder, brings it back."
    return say(zh=zh, en=en)


def broken(job: Job, why: str) -> str:
    """Says that the course is at fault, and how it is mended."""
    why = visible(why)
    folder = Path(job.path).parent
    if missing := [name for name in ("solutions.py", "tests.py") if not (folder / name).is_file()]:
        name = missing[0]
        zh = f"{folder} 里没有 {name}，这一课无法评判。取回它：git restore {name}（在那个文件夹里）；新写的课要先有它。"
        en = f"There is no {name} in {folder}, so the lesson can't be judged. Get it back: git restore {name}, in that folder; a new lesson needs one first."
        return say(zh=zh, en=en)
    zh = f"课程 {job.lesson} 导入失败，与你的答案无关。改动过它？git restore 可以恢复；否则试试 pip install -r requirements.txt：\n{why}"
    en = f"the lesson {job.lesson} can't be imported, whatever your answers. Was it changed? git restore brings it back; else try pip install -r requirements.txt:\n{why}"
    return say(zh=zh, en=en)
