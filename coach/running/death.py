"""What a dead process's report says: why it died, and where it was."""

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from coach.judging.verdict import quoted
from coach.running.job import Job
from coach.words import say


def cause_of_death(fault: str, status: int) -> str:
    """What a dead process's report and its exit status say."""
    if found := re.match(r"(?:Fatal Python error|Windows fatal exception): (.+)", fault):
        zh = f"它让 Python 进程崩溃了：{found[1]}"
        return say(zh=zh, en=f"it crashed the Python process: {found[1]}")
    if status == -getattr(signal, "SIGKILL", 9):
        zh, en = "系统终止了这个进程：很可能是内存不够", "the system killed the process: most likely for want of memory"
        return say(zh=zh, en=en)
    if status < 0:
        name = next((s.name for s in signal.Signals if s == -status), str(-status))
        return say(zh=f"信号 {name} 终止了它的进程", en=f"the signal {name} ended its process")
    zh, en = f"它结束了整个 Python 进程（退出码 {status}）", f"it ended the whole Python process (exit code {status})"
    return say(zh=zh, en=en)


@dataclass
class Place:
    """Where a process was when it died: in the learner's file, and in the lesson's tests."""

    line: int = 0  # 0: not known
    code: str = ""
    test_path: str = ""
    test_line: int = 0
    test_code: str = ""

    @classmethod
    def of(cls, fault: str, job: Job, *, at_import: bool = False) -> "Place":
        """Read from faulthandler's report, the innermost frames first; of an import the outermost, which can be guarded."""
        place, tests = cls(), str(Path(job.path).with_name("tests.py"))
        if found := lines_in(fault, job.path):
            place.line = found[-1 if at_import else 0]
            place.code = job.line(place.line).strip()
        if found := lines_in(fault, tests):
            place.test_path, place.test_line, place.test_code = tests, found[0], quoted(tests, found[0])
        return place


def lines_in(fault: str, path: str) -> list[int]:
    """The lines in `path` that the report names, the innermost first: of the thread that died, else of the oldest one."""
    threads = re.split(r"(?m)^(?=(?:Current thread|Thread) )", fault)
    threads.sort(key=lambda thread: thread.startswith("Current thread"))
    written = path.encode("ascii", "backslashreplace").decode()[:500]
    frame = re.compile(rf'File "{re.escape(written)}(?:\.\.\.)?", line (\d+)')
    return next((list(map(int, found)) for thread in reversed(threads) if (found := frame.findall(thread))), [])
