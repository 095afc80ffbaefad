"""Judges on every save: only what the save changed, in a fork of a process that has imported the course already."""

import contextlib
import queue
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import watchfiles

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.judging.verdict import Verdict
from coach.running.outline import Outline, outline_of
from coach.running.pool import Workers
from coach.running.runner import FORKS, CannotJudge, job_for, judge
from coach.words import WRONG, Trouble

STEP = 2  # milliseconds without a write that end a save


SETTLE = 0.2  # seconds given to a text that looks half written


HEARTBEAT = (
    1000  # milliseconds after which every file is looked at, should the system report no change (network drives)
)


COURSE = {"solutions.py", "tests.py", "mistakes.py", "figures.py"}


def watch(
    workspace: Workspace,
    lessons: list[Lesson],
    teller: "Teller",
    **options: Any,
) -> None:
    """Judges the lessons' answers now and on each save, until Ctrl+C or `stopped`; see `Watch` for the options.

    `Trouble` where no save can be heard any more. A lesson that is begun meanwhile is followed from then on. Nothing that this started outlives it.
    """
    watcher = Watch(workspace, lessons, teller, **options)
    try:
        watcher.run()
    except KeyboardInterrupt:
        teller.interrupted()
    finally:
        watcher.stopped.set()
        watcher.workers.close()


class Teller(Protocol):
    """Who hears what `watch` does."""

    def begin(self, lesson: Lesson, exercises: list[str]) -> None: ...
    def verdict(self, lesson: Lesson, verdict: Verdict) -> None: ...
    def cannot_judge(self, why: str) -> None: ...
    def end(self, wrong: list[Verdict]) -> None:
        """All is judged; `wrong` is every ✗ that still holds."""

    def waiting(self) -> None: ...
    def interrupted(self) -> None: ...


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
    odd: str = ""  # what stands in the file's place, as it was told
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
        self.odd = ""  # it may have come back while the last look at it was waited out
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

    def uses(self, path: Path) -> bool:
        """Whether the file at `path` is a helper module that stands beside answers.py and is named in it."""
        beside = path.parent == self.lesson.folder.resolve() and path.suffix == ".py" and path.stem != "answers"
        return beside and bool(self.data and re.search(rf"\b{re.escape(path.stem)}\b".encode(), self.data))

    def renew(self) -> None:
        """Every verdict is out of date: a helper changed."""
        if self.outline:
            self.quick = True
            self.pending |= {name for name in self.names if self.begun(name, self.outline)}

    def note(self, verdict: Verdict) -> None:
        if not verdict.test:
            self.broken = verdict
            return
        line = self.outline.lines.get(verdict.exercises[0], 0) if self.outline else 0
        self.known[verdict.test] = verdict, line

    def wrong(self) -> Iterator[Verdict]:
        """Every ✗ that still holds, at its line of today: code above it may have grown."""
        if self.broken:
            yield self.broken
            return
        for verdict, line in self.known.values():
            name = verdict.exercises[0]
            if verdict.mark == WRONG and self.outline:
                moved = self.outline.lines[name] - line if line and name in self.outline.lines else 0
                yield replace(verdict, line=max(1, verdict.line + moved))


@dataclass
class Watch:
    """The loop of `watch`: what changed, wait until it is whole, judge it, unless it changes again."""

    workspace: Workspace
    lessons: list[Lesson]
    teller: Teller
    fork: bool = FORKS
    seconds: float | None = None
    memory: int | None = None
    only: str = ""  # the one exercise to judge, if it is not all
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.followed = {lesson.answers.resolve(): Followed(lesson, self.only) for lesson in self.lessons}
        self.folders = {path.parents[1] for path in self.followed}
        self.saves: queue.Queue[set[Path]] = queue.Queue()
        self.dirty: set[Path] = set()
        self.deaf = ""  # why no save is heard any more
        self.workers = self._workers()

    def _workers(self) -> Workers:
        """Processes that have imported the lessons begun so far."""
        self.imported = [followed.lesson for followed in self.followed.values() if self.begun(followed)]
        return Workers(self.workspace, self.imported, forks=self.fork, ahead=True)

    def run(self) -> None:
        """Until `stopped`; `Trouble` if no save is heard before that."""
        threading.Thread(target=self._listen, daemon=True).start()
        self.dirty = set(self.followed)
        self.teller.waiting()
        while not self.stopped.is_set():
            self.hear(0.1)
            self.react()
        if self.deaf:
            zh = f"听不到保存了（{self.deaf}）：再运行一次；还是这样，就每次保存后运行 coach check"
            en = f"no save is heard any more ({self.deaf}): run this again; if that is no help, coach check after each save"
            raise Trouble(zh=zh, en=en)

    def _listen(self) -> None:
        """Hears every change until `stopped`; what ends it before that is noted, and stops all."""
        try:
            try:
                self._hear_all()
            except OSError:  # the system watches no more folders for this user, say
                self._hear_all(force_polling=True)
        except Exception as error:
            self.deaf = f"{type(error).__name__}: {error}"
        finally:
            self.stopped.set()

    def _hear_all(self, **how: bool) -> None:
        """Puts every change into `saves`, and every file where none came for a while."""
        changes = watchfiles.watch(
            *self.folders,
            watch_filter=self._matters,
            step=STEP,
            rust_timeout=HEARTBEAT,
            yield_on_timeout=True,
            stop_event=self.stopped,
            raise_interrupt=False,
            **how,
        )
        for found in changes:
            self.saves.put({Path(path) for _, path in found} or set(self.followed))

    def _matters(self, change: watchfiles.Change, path: str) -> bool:
        return Path(path).name in COURSE or Path(path) in self.followed or self._helps(Path(path))

    def _helps(self, path: Path) -> bool:
        return any(followed.uses(path) for followed in list(self.followed.values()))

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
            self.restart(afresh=True)
            dirty = set(self.followed)
        elif any(
            path in dirty and self.begun(f) and f.lesson not in self.imported for path, f in self.followed.items()
        ):
            self.restart(afresh=False)
        for path, followed in self.followed.items():
            if path in dirty and (data := self.settled(followed)) is not None and data != followed.data:
                followed.accept(data)
                self.judge(followed)
            elif any(map(followed.uses, dirty)):
                followed.renew()
                self.judge(followed)

    def begun(self, followed: Followed) -> bool:
        """Whether there is a file to judge; what else stands in its place is told once."""
        told = followed.odd
        try:
            started, followed.odd = followed.lesson.started, ""
        except Trouble as trouble:
            started, followed.odd = False, str(trouble)
        if followed.odd not in ("", told):
            self.teller.begin(followed.lesson, [])
            self.teller.cannot_judge(followed.odd)
            self.teller.end(list(followed.wrong()))
        return started

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

    def restart(self, *, afresh: bool) -> None:
        """The lessons are imported anew; `afresh`, since the course was updated: every verdict is out of date."""
        self.workers.close()
        if afresh:
            self.followed = {path: Followed(Lesson(f.lesson.folder), f.only) for path, f in self.followed.items()}
        self.workers = self._workers()

    def judge(self, followed: Followed) -> None:
        names = [name for name in followed.names if name in followed.pending]
        self.teller.begin(followed.lesson, names)
        try:
            whole = self.verdicts(followed, names) is not None if names else True
        except CannotJudge as error:
            self.teller.cannot_judge(str(error))
            whole = True
        if whole:
            self.teller.end(list(followed.wrong()))

    def verdicts(self, followed: Followed, names: list[str]) -> list[Verdict] | None:
        """Judges, and tells each verdict; None if another save came first."""
        assert followed.data is not None
        job = job_for(
            followed.lesson, followed.data, names, seconds=self.seconds, memory=self.memory, quick=followed.quick
        )
        found: list[Verdict] = []

        def take(verdict: Verdict) -> None:
            found.append(verdict)
            self.teller.verdict(followed.lesson, verdict)

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
