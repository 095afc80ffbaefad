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
from coach.running.job import KEPT, Job, printed
from coach.words import language

OVERFLOW = 1 << 24  # bytes of output after which its file is cut


class Handle:
    """`python -m coach.running.server`, seen from outside."""

    def __init__(self, workspace: Workspace, lessons: list[Lesson], *, forks: bool) -> None:
        self.forks, self.pid = forks, 0
        self.folder = Path(tempfile.mkdtemp(prefix="coach-"))
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        command = [sys.executable, "-P", "-m", "coach.running.server", *["--forks"] * forks, str(self.folder)]
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
        self.spare: Handle | None = None
        if ahead:
            self.spare = self._new()

    def _new(self) -> Handle:
        return Handle(self.workspace, self.lessons, forks=self.forks)

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
