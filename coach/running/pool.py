"""The processes that learner code runs in, seen from outside: begun, heard, ended, made ready beforehand."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import psutil

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.running.isolated import prefix
from coach.running.job import KEPT, Job, message_from, printed
from coach.words import language

OVERFLOW = 1 << 24  # bytes of output after which its file is cut
LINE = 1 << 22  # bytes in the longest line that a worker says
BOOT = str(Path(__file__).with_name("boot.py"))


class Handle:
    """The process of `coach.running.server`, seen from outside."""

    def __init__(self, workspace: Workspace, lessons: list[Lesson], *, forks: bool, isolated: bool = False) -> None:
        self.forks, self.pid = forks, 0
        self.folder = Path(tempfile.mkdtemp(prefix="coach-"))
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        arguments = [*["--forks"] * forks, str(self.folder), *(lesson.name for lesson in lessons)]
        confined = prefix(self.folder) if isolated else []
        try:
            self.process = self._started(
                [*confined, sys.executable, "-P", BOOT, *workspace.import_paths, "--", *arguments], workspace
            )
        except BaseException:  # Ctrl+C, say
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _started(self, command: list[str], workspace: Workspace) -> subprocess.Popen[bytes]:
        own_group: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with open(self.folder / "log", "wb") as log:
            return subprocess.Popen(command, cwd=workspace.root, env=environment(), stderr=log, **pipes, **own_group)  # type: ignore

    def _read(self) -> None:
        noise, last = {"kind": "noise"}, {}
        while line := self.process.stdout.readline(LINE) if self.process.stdout else b"":
            if not line.strip():
                continue
            message = message_from(line)
            if message["kind"] == "ended" and not self.forks:
                message = noise  # that is for us to say
            if message != noise or last != noise:  # once is enough of it
                self.messages.put(message)
            last = message
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
            return self._checked(self.messages.get(timeout=timeout))
        if self.process.poll() is not None:
            kill_tree(self.process.pid)  # children that hold the pipe: the end would never be heard
        return None

    def _checked(self, message: dict[str, Any]) -> dict[str, Any]:
        """The message, if it is true as far as that can be seen: its sender may be the learner's code."""
        if message["kind"] == "pid" and self.forks and not self.pid and is_child(message.get("pid"), self.process.pid):
            self.pid = message["pid"]
        elif message["kind"] == "pid" and self.forks and not self.pid and is_gone(message.get("pid")):
            pass  # on a busy machine a short job is over before this is heard
        elif message["kind"] == "pid" or (message["kind"] == "ended" and self.forks and self._runs()):
            return {"kind": "noise"}
        return message

    def _runs(self) -> bool:
        return self.process.poll() is None and is_child(self.pid, self.process.pid)

    def end_job(self) -> None:
        """Kills what runs learner code; the end is heard of like any other."""
        if self.forks and self.process.poll() is None:
            for child in family(self.pid) if self.pid else []:
                kill(child)
            self._say({"end": True})
        else:
            kill_tree(self.process.pid)

    def holds_over(self, limit: int) -> bool:
        """Whether the learner's process and its children hold more; what they share is counted once."""
        if sum(map(resident, members := family(self.pid))) <= limit:
            return False
        return sum(map(own, members)) > limit  # slower to know

    def printed(self) -> str:
        """What learner code printed since the last verdict."""
        path = self.folder / "output"
        with contextlib.suppress(OSError):  # learner code can remove it
            return printed(path.stat().st_size, path)
        return ""

    def cut_output(self) -> None:
        """Keeps an endless loop that prints from filling the disk."""
        path = self.folder / "output"
        with contextlib.suppress(OSError):
            if path.stat().st_size > OVERFLOW:
                os.truncate(path, KEPT + 1)

    def fault(self) -> str:
        return self._told("fault")

    def log(self) -> str:
        return self._told("log").strip()

    def _told(self, name: str) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / name).read_text(encoding="utf-8", errors="replace")
        return ""

    def close(self) -> None:
        kill_tree(self.process.pid)
        self.process.wait()
        self.reader.join()
        for stream in filter(None, (self.process.stdin, self.process.stdout)):
            with contextlib.suppress(OSError):
                stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment() -> dict[str, str]:
    """The language is settled once; no debugger and no window waits for anybody; asking for CUDA must not keep a fork from it.

    One thread, unless the learner asked for more: tests are small, and threads that share a busy core wait for each other.
    """
    ours = {"COACH_LANG": language(), "PYTHONBREAKPOINT": "0", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
    ours |= {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
    given = {name: value for name, value in os.environ.items() if name != "PLOTLY_RENDERER"}
    return {"OMP_NUM_THREADS": "1"} | given | ours


def is_gone(pid: Any) -> bool:
    return isinstance(pid, int) and pid > 0 and not psutil.pid_exists(pid)


def is_child(pid: Any, parent: int) -> bool:
    with contextlib.suppress(psutil.Error, TypeError, ValueError, OverflowError):
        return psutil.Process(pid).ppid() == parent
    return False


def resident(process: psutil.Process) -> int:
    """What the process holds, with all that it shares; 0 if it is gone."""
    with contextlib.suppress(psutil.Error):
        return process.memory_info().rss
    return 0


def own(process: psutil.Process) -> int:
    """What the process holds, with its part of what it shares, or with nothing of that; 0 if it is gone."""
    with contextlib.suppress(psutil.Error):
        found = process.memory_full_info()
        return getattr(found, "pss", found.uss)
    return 0


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
        self,
        workspace: Workspace,
        lessons: list[Lesson],
        *,
        forks: bool = False,
        ahead: bool = False,
        isolated: bool = False,
    ) -> None:
        self.workspace, self.lessons, self.forks, self.ahead = workspace, lessons, forks, ahead
        self.isolated = isolated
        self.spare: Handle | None = None
        if ahead:
            self.spare = self._new()

    def _new(self) -> Handle:
        return Handle(self.workspace, self.lessons, forks=self.forks, isolated=self.isolated)

    def take(self) -> Handle:
        worker, self.spare = self.spare, None
        if worker and worker.process.poll() is not None:
            worker.close()
            worker = None
        return worker or self._new()

    def give_back(self, worker: Handle) -> None:
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
