"""Judges on every save: only what the save changed, in a fork of a process that has imported the course already."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import watchfiles

from coach.judge import WRONG, Verdict
from coach.lesson import Lesson
from coach.outline import Outline, outline_of
from coach.runner import FORKS, CannotJudge, Workers, job_for, judge, problem, render, tell
from coach.words import say
from coach.workspace import Workspace

# How the lines around each judgement begin, in both languages: a background problem matcher looks for them.
BEGIN, END = "coach > ", "coach < "
STEP = 2  # milliseconds without a write that end a save
SETTLE = 0.2  # seconds given to a text that looks half written
HEARTBEAT = (
    1000  # milliseconds after which every file is looked at, should the system report no change (network drives)
)
COURSE = {"solutions.py", "tests.py", "mistakes.py", "figures.py"}


def watch(
    workspace: Workspace,
    lessons: list[Lesson],
    *,
    fork: bool = FORKS,
    seconds: float | None = None,
    memory: int | None = None,
    only: str = "",
    tell: Callable[[str], None] = tell,
    stopped: threading.Event | None = None,
) -> None:
    """Judges the lessons' answers now and on each save, until Ctrl+C or `stopped`. Nothing it started outlives it.

    `only` names the one exercise to judge, if it is not all.
    """
    stopped = stopped or threading.Event()
    watcher = Watch(workspace, lessons, fork, seconds, memory, only, tell, stopped)
    try:
        watcher.run()
    except KeyboardInterrupt:
        tell("")
    finally:
        stopped.set()
        watcher.workers.close()


@dataclass
class Followed:
    """One lesson: its text as last seen, and what is known and not yet known of it."""

    lesson: Lesson
    only: str = ""
    data: bytes | None = None
    outline: Outline | None = None  # of the last text that was Python
    pending: set[str] = field(default_factory=set)  # exercises whose verdict is out of date
    last: set[str] = field(default_factory=set)  # the exercises judged last
    quick: bool = True
    broken: Verdict | None = None  # on the whole file
    known: dict[str, tuple[Verdict, int]] = field(default_factory=dict)  # by test, with its exercise's line then

    @property
    def names(self) -> list[str]:
        return [self.only] if self.only else self.lesson.names

    @cached_property
    def fresh(self) -> Outline:
        """The file as `coach start` makes it."""
        return Outline(self.lesson.view("en").encode())

    def begun(self, name: str, new: Outline) -> bool:
        """Whether the exercise is being worked at: a debugging exercise has no stub, and is wrong from the start."""
        return not new.unwritten(name) and new.source(name) != self.fresh.source(name)

    def read(self) -> bytes | None:
        try:
            return self.lesson.answers.read_bytes()
        except OSError:  # not begun, or between the two steps of a rename
            return None

    def doubtful(self, data: bytes | None) -> bool:
        """Whether `data` looks like half of a save."""
        if not data or not data.strip() or (self.data and self.data.endswith(b"\n") and not data.endswith(b"\n")):
            return True
        new = outline_of(data)
        return new is None or bool(self.outline and self.outline.parts.keys() - new.parts.keys())

    def accept(self, data: bytes) -> None:
        """Takes `data` as what is to be judged, and notes which verdicts it puts out of date."""
        self.data = data
        new = outline_of(data)
        if new is None:
            self.pending = self.pending or set(self.last)
            return
        changed = new.changed_since(self.outline) if self.outline else None
        self.quick = changed is None or (self.quick and bool(self.pending))
        if changed is None:
            changed = {name for name in self.names if self.begun(name, new)}
        if self.broken and not changed:
            changed = set(self.last)
        self.pending |= changed & set(self.names)
        self.outline = new

    def note(self, verdict: Verdict) -> None:
        if not verdict.test:
            self.broken = verdict
            return
        names = verdict.exercise.split(", ")
        line = self.outline.lines.get(names[0], 0) if self.outline else 0
        self.known[verdict.test] = verdict, line

    def wrong(self) -> Iterator[Verdict]:
        """Every ✗ that still holds, at its line of today: code above it may have grown."""
        if self.broken:
            yield self.broken
            return
        for verdict, line in self.known.values():
            name = verdict.exercise.split(", ")[0]
            if verdict.mark == WRONG and self.outline:
                moved = self.outline.lines[name] - line if line and name in self.outline.lines else 0
                yield replace(verdict, line=max(1, verdict.line + moved))


class Watch:
    """The loop of `watch`: what changed, wait until it is whole, judge it, unless it changes again."""

    def __init__(
        self,
        workspace: Workspace,
        lessons: list[Lesson],
        fork: bool,
        seconds: float | None,
        memory: int | None,
        only: str,
        tell: Callable[[str], None],
        stopped: threading.Event,
    ) -> None:
        self.workspace, self.fork, self.tell, self.stopped = workspace, fork, tell, stopped
        self.seconds, self.memory = seconds, memory
        self.followed = {lesson.answers.resolve(): Followed(lesson, only) for lesson in lessons}
        self.folders = {path.parents[1] for path in self.followed}
        self.saves: queue.Queue[set[Path]] = queue.Queue()
        self.dirty: set[Path] = set()
        self.workers = self._workers()

    def _workers(self) -> Workers:
        lessons = [followed.lesson for followed in self.followed.values()]
        return Workers(self.workspace, lessons, forks=self.fork, ahead=True)

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        self.dirty = set(self.followed)
        self.tell(END + say(zh="等待保存……（Ctrl+C 结束）", en="waiting for a save (Ctrl+C ends this)"))
        while not self.stopped.is_set():
            self.hear(0.1)
            self.react()

    def _listen(self) -> None:
        """Puts every change into `saves`, and every file where none came for a while."""
        changes = watchfiles.watch(
            *self.folders,
            watch_filter=self._matters,
            step=STEP,
            rust_timeout=HEARTBEAT,
            yield_on_timeout=True,
            stop_event=self.stopped,
            raise_interrupt=False,
        )
        for found in changes:
            self.saves.put({Path(path) for _, path in found} or set(self.followed))

    def _matters(self, change: watchfiles.Change, path: str) -> bool:
        return Path(path).name in COURSE or Path(path) in self.followed

    def hear(self, timeout: float) -> bool:
        """Adds to `dirty` what changes within so long; whether anything did."""
        heard = False
        with contextlib.suppress(queue.Empty):
            while True:
                self.dirty |= self.saves.get(block=timeout > 0 and not heard, timeout=timeout)
                heard = True
        return heard

    def react(self) -> None:
        dirty, self.dirty = self.dirty, set()
        if any(path.name in COURSE for path in dirty):
            self.restart()
            dirty = set(self.followed)
        for path, followed in self.followed.items():
            if path in dirty and (data := self.settled(followed)) is not None and data != followed.data:
                followed.accept(data)
                self.judge(followed)

    def settled(self, followed: Followed) -> bytes | None:
        """The text once it looks whole, or has looked no better for a while."""
        until = time.monotonic() + SETTLE
        data = followed.read()
        while data != followed.data and followed.doubtful(data) and time.monotonic() < until:
            if self.hear(0.01):
                until = time.monotonic() + SETTLE
                self.dirty.discard(followed.lesson.answers.resolve())
            data = followed.read()
        return data

    def restart(self) -> None:
        """The course was updated: its modules are imported anew, and every verdict is out of date."""
        self.workers.close()
        self.followed = {path: Followed(Lesson(f.lesson.folder), f.only) for path, f in self.followed.items()}
        self.workers = self._workers()

    def judge(self, followed: Followed) -> None:
        names = [name for name in followed.names if name in followed.pending]
        self.tell(f"{BEGIN}{say(zh='正在评判', en='judging')} {followed.lesson.name}: {', '.join(names)}".rstrip(": "))
        try:
            whole = self.verdicts(followed, names) is not None if names else True
        except CannotJudge as error:
            self.tell(str(error))
            whole = True
        if whole:
            for verdict in followed.wrong():
                self.tell(problem(verdict, self.workspace.root))
            self.tell(END + say(zh="等待保存……", en="waiting for a save"))

    def verdicts(self, followed: Followed, names: list[str]) -> list[Verdict] | None:
        """Judges, and tells each verdict; None if another save came first."""
        assert followed.data is not None
        job = job_for(
            followed.lesson, followed.data, names, seconds=self.seconds, memory=self.memory, quick=followed.quick
        )
        found: list[Verdict] = []

        def take(verdict: Verdict) -> None:
            found.append(verdict)
            self.tell(render(verdict))

        followed.last = set(names)
        finished = judge(self.workers, job, on_verdict=take, stopped=lambda: self.superseded(followed))
        if finished is not None:
            followed.broken = None
            followed.pending.clear()
        for verdict in found:
            followed.note(verdict)
        return finished

    def superseded(self, followed: Followed) -> bool:
        """Whether the text that is being judged is no longer the learner's, or we are to stop."""
        self.hear(0)
        if self.stopped.is_set() or any(path.name in COURSE for path in self.dirty):
            return True
        return followed.lesson.answers.resolve() in self.dirty and followed.read() != followed.data
