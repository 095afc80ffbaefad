"""The process that a learner's code runs in: imports the course, then judges one job, saying what it finds in JSON lines.

`boot.py` starts it: `main(["--forks", FOLDER, LESSON, ...])` imports the lessons and reads jobs, a line each, from its standard
input. It judges the first in this very process; with `--forks` it judges each in a child, and has one thread only.
What it says goes to its original standard output. Descriptors 0, 1 and 2 are the learner's: nothing to read, and a file.
"""

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import select
import shutil
import signal
import sys
import threading
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from coach.course.percent import NO_PYTHON
from coach.judging.judge import judged
from coach.running.cells import code_of
from coach.running.job import Channel, Job, messages_from
from coach.running.stage import Stage
from coach.running.worker import work


def prepare(lessons: list[str]) -> None:
    """Imports the course, so that a job waits for nothing. Import only: libgomp hangs in a child of a parent that computed."""
    importlib.import_module("coach.judging.judge")
    for lesson in lessons:
        for part in ("tests", "solutions", "mistakes"):
            if part != "mistakes" or importlib.util.find_spec(f"{lesson}.mistakes"):
                importlib.import_module(f"{lesson}.{part}")
    gc.collect()
    gc.freeze()  # what is here stays: a collection in a forked child would copy and walk all of it


def work_once(control: int, channel: Channel, folder: Path) -> None:
    """Judges the first job in this process, and ends with it: with everything that it started, if our parent is gone."""
    messages = next(messages_from(control), None)
    if not messages:
        shutil.rmtree(folder, ignore_errors=True)
        return
    threading.Thread(target=_end_with_parent, args=(control, folder), daemon=True).start()
    leave = os._exit
    work(Job(**messages[0]["job"]), channel, Stage(folder))
    channel.say("done")
    leave(0)


def _end_with_parent(control: int, folder: Path) -> None:
    leave = os._exit
    os.read(control, 1)
    shutil.rmtree(folder, ignore_errors=True)
    if os.name == "posix":
        os.killpg(0, signal.SIGKILL)
    leave(1)


class Server:
    """Judges each job in a forked child, one at a time; the child is there and warm before its job comes."""

    def __init__(self, control: int, channel: Channel, folder: Path) -> None:
        self.control, self.channel, self.folder = control, channel, folder
        self.child, self.to_child, self.busy = 0, -1, False
        self.job: Job | None = None  # the last one
        self.wake, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        inherit_orphans()

    def serve(self) -> None:
        """Until the parent closes our standard input, or is gone."""
        self.fork()
        arriving = messages_from(self.control)
        while True:
            ready, _, _ = select.select([self.control, self.wake], [], [])
            if self.wake in ready:
                os.read(self.wake, 512)
                if self.reap():
                    self.fork()
            if self.control in ready:
                if (messages := next(arriving, None)) is None:
                    break
                for message in messages:
                    self.obey(message)
        self.end_child()

    def obey(self, message: dict[str, Any]) -> None:
        if "job" not in message:
            if self.busy:  # else it ended by itself, and the next is ready
                self.end_child()
                self.fork()
            return
        self.busy, self.job = True, Job(**message["job"])
        with contextlib.suppress(BrokenPipeError), os.fdopen(self.to_child, "wb") as pipe:
            pipe.write(json.dumps(message).encode() + b"\n")

    def fork(self) -> None:
        from_server, self.to_child = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # OpenBLAS's threads: it mends itself in the child
            self.child = os.fork()
        if self.child:
            os.close(from_server)
            return
        leave = os._exit
        try:
            self.be_child(from_server)
        finally:
            leave(0)

    def be_child(self, from_server: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        die_with_parent()
        for descriptor in (self.control, self.to_child, self.wake):
            os.close(descriptor)
        self.channel.pid = os.getpid()
        warm_up()
        if messages := next(messages_from(from_server), None):
            self.channel.say("pid", pid=os.getpid())
            work(Job(**messages[0]["job"]), self.channel, Stage(self.folder))
            self.channel.say("done")

    def end_child(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child, signal.SIGKILL)
        os.waitid(os.P_PID, self.child, os.WEXITED | os.WNOWAIT)
        self.reap()

    def reap(self) -> bool:
        """Whether the child is dead: then ends what it left running, before its id is free for others, and says how."""
        if not os.waitid(os.P_PID, self.child, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child, signal.SIGKILL)
        _, status = os.waitpid(self.child, 0)
        end_orphans()
        if self.busy:
            self.channel.say("ended", status=os.waitstatus_to_exitcode(status))
            if not status and self.job:  # a child has compiled this and lived: the next one finds it done
                with contextlib.suppress(*NO_PYTHON):
                    code_of(self.job.data, self.job.path)
        else:
            os.close(self.to_child)
        self.busy = False
        return True


def warm_up() -> None:
    """Judges a trifle, in a child: its first steps are slow, and the parent must not compute."""

    def test_trifle(trifle: Any) -> None:
        trifle(2)

    def trifle(n: int) -> Any:
        torch = sys.modules.get("torch")
        return torch and torch.linspace(0, 1, n)

    judged(test_trifle).judge(trifle)


def end_orphans() -> None:
    """Ends what a dead child left running, even in a session of its own; the next child is not there yet."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:  # there is nobody: as good as always
            return
        import psutil

        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(0.001)


def inherit_orphans() -> None:
    """On Linux what a child leaves behind becomes ours, and not the system's."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def die_with_parent() -> None:
    """On Linux a child goes when its parent is killed; elsewhere its time limit ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def main(arguments: list[str]) -> None:
    forks = arguments[0] == "--forks"
    folder, *lessons = arguments[forks:]
    control, channel = os.dup(0), Channel()
    os.dup2(2, 1)  # the course is silent; were it not, this is no place for it
    try:
        if ready(lessons, channel):
            serve_or_work(forks, control, channel, Path(folder))
    except BrokenPipeError:  # our parent is gone, and can't tidy up
        shutil.rmtree(folder, ignore_errors=True)


def ready(lessons: list[str], channel: Channel) -> bool:
    """Whether the course could be imported; says so, or why not."""
    try:
        prepare(lessons)
    except BaseException:
        channel.say("broken", why=traceback.format_exc())
        return False
    channel.say("ready")
    return True


def serve_or_work(forks: bool, control: int, channel: Channel, folder: Path) -> None:
    if forks:
        Server(control, channel, folder).serve()
        shutil.rmtree(folder, ignore_errors=True)
    else:
        work_once(control, channel, folder)
