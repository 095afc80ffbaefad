"""What learner code finds around it: streams, working directory, import paths, variables; put back before each test."""

import contextlib
import ctypes
import faulthandler
import io
import os
import pdb
import signal
import sys
import warnings
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coach.running.job import Job, printed
from coach.words import say

DEPTH = 1000  # Python's own limit on recursion: with less, what judges can't run either


class Stage:
    """The files that outlive this process: what learner code prints, and where it was when it died."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)  # the last one may have removed it
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self.output = os.open(folder / "output", flags, 0o600)
        self.fault = io.FileIO(folder / "fault", "w+")
        self.nothing = os.open(os.devnull, os.O_RDONLY)
        self.open_streams()
        faulthandler.enable(self.fault)
        self._note_exits()

    def open_streams(self) -> None:
        """Unbuffered, so that nothing is lost at a death; anew for each test, whatever the last one did to them."""
        for standard, descriptor in enumerate((self.nothing, self.output, self.output)):
            os.dup2(descriptor, standard)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        for name in ("stdout", "stderr"):
            raw = io.FileIO(1 if name == "stdout" else 2, "wb", closefd=False)
            text = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True)  # type: ignore[arg-type]
            setattr(sys, name, text)

    def _note_exits(self) -> None:
        leave, pid = os._exit, os.getpid()

        def noted(status: int) -> None:
            if os.getpid() == pid:
                faulthandler.dump_traceback(self.fault)
            leave(status)

        os._exit = noted  # type: ignore[assignment]

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Ends this process after so long, noting where it was; a thread in C does it, whoever holds the GIL."""
        faulthandler.dump_traceback_later(seconds, exit=True, file=self.fault)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    def collect(self) -> str:
        """What was printed since the last time, also by C."""
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)
        text = printed(os.path.getsize(self.output), os.dup(self.output))
        os.ftruncate(self.output, 0)
        return text


def at_home(job: Job) -> None:
    """Goes where a cell and F5 are: to the folder of answers.py, whose modules can be imported, but hide no package."""
    folder = os.path.dirname(job.path)
    os.chdir(folder)
    ours = next((i for i, path in enumerate(sys.path) if path and Path(folder).is_relative_to(path)), len(sys.path))
    sys.path.insert(ours, folder)
    sys.dont_write_bytecode = True  # a `.pyc` can't tell two saves in one second apart


class Surroundings:
    """The process as the learner's file left it when it had been read; `put_back` undoes what a test's calls changed."""

    def __init__(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.folder = os.getcwd()
        self.paths, self.found = sys.path, list(sys.path)
        self.environ, self.variables = os.environ, dict(os.environ)
        self.depth = max(sys.getrecursionlimit(), DEPTH)

    def put_back(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.chdir(self.folder)
        sys.path, self.paths[:] = self.paths, self.found
        os.environ = self.environ  # noqa: B003
        if self.variables != dict(os.environ):
            os.environ.clear()
            os.environ.update(self.variables)
        sys.setrecursionlimit(self.depth)
        if hasattr(signal, "alarm"):
            signal.alarm(0)


def nobody_is_watching() -> None:
    """From here on a figure is shown nowhere, no browser is opened, and a breakpoint says where it stands and goes on."""
    webbrowser.get = _no_browser
    webbrowser.open = webbrowser.open_new = webbrowser.open_new_tab = lambda *_, **__: False
    if figures := sys.modules.get("plotly.basedatatypes"):
        figures.BaseFigure.show = lambda *_, **__: None
    warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
    told: set[tuple[str, int]] = set()

    def passed_over(*_: Any, **__: Any) -> None:
        frame = sys._getframe(1)
        place = frame.f_code.co_filename, frame.f_lineno
        if place not in told:
            told.add(place)
            print(left_in(os.path.basename(place[0]), place[1]), file=sys.stderr)

    sys.breakpointhook = pdb.set_trace = passed_over


def _no_browser(using: str | None = None) -> Any:
    raise webbrowser.Error("there is no browser here: nobody is watching")


def left_in(file: str, line: int) -> str:
    zh = f"{file}:{line} 还留着断点：评判时没有人在键盘前，它会被跳过。调试完请删掉。"
    en = f"{file}:{line} still holds a breakpoint: nobody is at the keyboard here, so it is passed over. Take it out."
    return say(zh=zh, en=en)
