"""What the two processes share: a job, the channel on which verdicts come back, and the limits."""

import dataclasses
import json
import os
import re
from collections.abc import Iterator
from typing import Any

from coach.judging.verdict import Verdict
from coach.words import RIGHT, UNWRITTEN, WRONG, say, visible

MARKS = (RIGHT, WRONG, UNWRITTEN)

KEPT = 20_000  # bytes of output shown for one test


GIB = 1 << 30


OVER_MEMORY = "Memory limit"  # how the report of a death begins where we ended it


STARVED = re.compile(
    r"MemoryError|bad_alloc|(?:can't|not|unable to|cannot) (?:enough |allocate |to allocate )?memory", re.I
)


ASKED = re.compile(r"tried to allocate (\d+) bytes|Unable to allocate ([\d.]+ [KMGTP]iB)")


@dataclasses.dataclass
class Job:
    """What to judge: the learner's file as it was at one moment, and the limits."""

    lesson: str
    path: str
    source: str  # the file's bytes, as Latin-1
    exercises: list[str]
    memory: int
    seconds: float | None = None  # else each test's own
    quick: bool = False  # leave out the slow tests
    polls: bool = False  # the system sets no limit on memory, so a thread of ours looks at it
    done: list[str] = dataclasses.field(default_factory=list)  # tests that an earlier worker judged
    undiagnosed: list[str] = dataclasses.field(default_factory=list)  # tests whose search for a mistake took too long

    @property
    def data(self) -> bytes:
        return self.source.encode("latin-1")

    @property
    def lines(self) -> list[str]:
        """As editors count them: a form feed or U+2028 ends none."""
        return self.data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def line(self, number: int) -> str:
        """That line, "" if there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @property
    def file(self) -> str:
        return os.path.basename(self.path)


LONGEST = 4_000  # characters of any one thing that a verdict says, but for the output


def shortened(verdict: Verdict) -> None:
    """Cuts what is too long to be read; `output` is cut where it is collected."""
    for name, value in vars(verdict).items():
        if isinstance(value, str) and len(value) > LONGEST and name != "output":
            rest = len(value) - LONGEST
            setattr(
                verdict, name, value[:LONGEST] + say(zh=f"……（还有 {rest} 个字符）", en=f"... ({rest} more characters)")
            )


def verdict_from(fields: Any) -> Verdict | None:
    """The verdict that these fields, heard from a process of learner code, are; None if they are none."""
    forms = {field.name: type(field.default) for field in dataclasses.fields(Verdict)}
    if not isinstance(fields, dict) or fields.keys() != forms.keys():
        return None
    forms |= {"mark": str, "exercises": list, "seconds": (int, float)}  # type: ignore[dict-item]
    well_formed = all(isinstance(fields[name], form) for name, form in forms.items())
    if not well_formed or fields["mark"] not in MARKS or not all(isinstance(x, str) for x in fields["exercises"]):
        return None
    return Verdict(**{name: visible(value) if isinstance(value, str) else value for name, value in fields.items()})  # type: ignore


def message_from(line: bytes) -> dict[str, Any]:
    """What a worker said in one line; of kind "noise" where it is none of ours."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    return message if isinstance(message, dict) and isinstance(message.get("kind"), str) else {"kind": "noise"}


class Channel:
    """Where a worker says what it finds: its original standard output."""

    def __init__(self) -> None:
        self.stream, self.pid = os.fdopen(os.dup(1), "wb"), os.getpid()

    def say(self, kind: str, **more: Any) -> None:
        if os.getpid() != self.pid:  # learner code forked, and its child came back to us
            os._exit(0)
        self.stream.write(b"\n" + json.dumps({"kind": kind, **more}).encode() + b"\n")
        self.stream.flush()


def printed(size: int, file: Any) -> str:
    """The output in `file`, cut where it is too much to show."""
    if not size:
        return ""
    with open(file, "rb") as stream:
        stream.seek(0)
        text = stream.read(KEPT).decode("utf-8", "replace").replace("\r\n", "\n")
    if size <= KEPT:
        return text
    zh, en = f"……（输出太多，只留了前 {KEPT // 1000} kB）", f"... (too much: only the first {KEPT // 1000} kB are kept)"
    return f"{text}\n{say(zh=zh, en=en)}"


def too_long(limit: float) -> str:
    zh, en = f"超过 {limit:g} 秒仍未结束：是不是死循环？", f"not done after {limit:g} s: an endless loop?"
    return say(zh=zh, en=en)


def too_much(limit: int, wanted: str = "") -> str:
    zh, en = (f"（它要 {wanted}）", f" (it asked for {wanted})") if wanted else ("", "")
    size = f"{limit / GIB:.1f} GiB"
    return say(zh=f"内存超过上限 {size}{zh}", en=f"it takes more memory than the limit of {size}{en}")


def messages_from(control: int) -> Iterator[list[dict[str, Any]]]:
    """The messages on `control`, all that came together, until its other end is closed."""
    data = b""
    while more := os.read(control, 1 << 16):
        data += more
        if data.endswith(b"\n"):
            yield list(map(json.loads, data.splitlines()))
            data = b""
