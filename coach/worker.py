"""The process that a learner's code runs in: imports the course, then judges one job, saying what it finds in JSON lines.

`python -m coach.worker [--forks] FOLDER LESSON...` imports the lessons and reads jobs, a line each, from its standard
input. It judges the first in this very process; with `--forks` it judges each in a child, and has one thread only.
What it says goes to its original standard output. Descriptors 0, 1 and 2 are the learner's: nothing to read, and a file.
"""

import contextlib
import ctypes
import dataclasses
import faulthandler
import gc
import importlib
import importlib.machinery
import importlib.util
import io
import json
import linecache
import os
import re
import select
import shutil
import signal
import sys
import threading
import time
import traceback
import types
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.cells import code_of
from coach.words import say

if TYPE_CHECKING:
    from coach.judge import Verdict

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
        return self.data.decode("utf-8", "replace").splitlines()

    @property
    def file(self) -> str:
        return os.path.basename(self.path)


class Channel:
    """Where a worker says what it finds: its original standard output."""

    def __init__(self) -> None:
        self.stream, self.pid = os.fdopen(os.dup(1), "wb"), os.getpid()

    def say(self, kind: str, **more: Any) -> None:
        if os.getpid() != self.pid:  # learner code forked, and its child came back to us
            os._exit(0)
        self.stream.write(b"\n" + json.dumps({"kind": kind, **more}).encode() + b"\n")
        self.stream.flush()


class Stage:
    """The files that outlive this process: what learner code prints, and where it was when it died."""

    def __init__(self, folder: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self.output = os.open(folder / "output", flags, 0o600)
        self.fault = io.FileIO(folder / "fault", "w+")
        nothing = os.open(os.devnull, os.O_RDONLY)
        for standard, descriptor in enumerate((nothing, self.output, self.output)):
            os.dup2(descriptor, standard)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        self.open_streams()
        faulthandler.enable(self.fault)
        self._note_exits()

    def open_streams(self) -> None:
        """Unbuffered, so that nothing is lost at a death; anew for each test, whatever the last one did to them."""
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


class Answers(importlib.machinery.SourceFileLoader):
    """Loads the learner's file as the job gives it; never a `.pyc`, whose date can't tell two saves in one second apart."""

    def __init__(self, name: str, path: str, data: bytes) -> None:
        super().__init__(name, path)
        self.data = data

    def exec_module(self, module: types.ModuleType) -> None:
        for code in code_of(self.data, self.path):
            exec(code, module.__dict__)


def load(job: Job) -> "types.ModuleType | Verdict":
    """The learner's module, or the verdict on why there is none."""
    if why := unreadable(job):
        return on_file(job, *why)
    name = f"{job.lesson}.answers"
    loader = Answers(name, job.path, job.data)
    spec = importlib.machinery.ModuleSpec(name, loader, origin=job.path)
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    setattr(sys.modules[job.lesson], "answers", module)  # noqa: B010
    linecache.cache[job.path] = (len(job.data), None, [line + "\n" for line in job.lines], job.path)
    try:
        loader.exec_module(module)
    except SyntaxError as error:
        return syntax(job, error) if error.filename and os.path.isfile(error.filename) else raised(job, error)
    except BaseException as error:
        return raised(job, error)
    return module


def unreadable(job: Job) -> tuple[str, int] | None:
    """Why the file can't be Python at all, and the line, if so."""
    utf8 = say(
        zh="在 VS Code 右下角点编码，先“通过编码重新打开”（中文系统多为 GBK），再“通过编码保存”，选 UTF-8",
        en="in VS Code click the encoding at the bottom right, 'Reopen with Encoding' (often GBK), "
        "then 'Save with Encoding', UTF-8",
    )
    try:
        text = job.data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = job.data.count(b"\n", 0, error.start) + 1
        return say(zh=f"文件不是 UTF-8 编码：{utf8}", en=f"the file is not in UTF-8: {utf8}"), line
    if "\0" in text:
        why = say(
            zh=f"文件里有空字节（\\0），不是 UTF-8 文本：{utf8}",
            en=f"it holds a null byte, so is no UTF-8 text: {utf8}",
        )
        return why, text[: text.index("\0")].count("\n") + 1
    if not text.strip():
        en = "the file is empty: undo in your editor, or run coach undo"
        return say(zh="文件是空的：在编辑器里撤销，或者运行 coach undo", en=en), 1
    return None


def on_file(job: Job, why: str, line: int, path: str = "", column: int = 0) -> "Verdict":
    """✗ for the file as a whole: no test was begun."""
    from coach.judge import WRONG, Verdict

    path = path or job.path
    return Verdict(WRONG, job.file, "", why, path=path, line=line, column=column)


def syntax(job: Job, error: SyntaxError) -> "Verdict":
    """✗ with the line and a caret beneath the place."""
    why = f"{type(error).__name__}: {error.msg}"
    if found := re.match(r"invalid (?:non-printable )?character .*\(?U\+([0-9A-F]+)", error.msg):
        plain = unicodedata.normalize("NFKC", chr(int(found[1], 16))).translate(str.maketrans("。、“”‘’", ".,\"\"''"))
        if plain.isascii() and plain.strip():
            zh, en = f"这是中文标点，换成英文的 {plain}", f"a full-width sign; type {plain} instead"
            why += say(zh=f"（{zh}）", en=f" ({en})")
    code, column = (error.text or "").rstrip("\n"), max(error.offset or 1, 1)
    if code.strip():
        before = code[: column - 1]
        margin = "".join(c if c == "\t" else " " * (1 + (unicodedata.east_asian_width(c) in "WF")) for c in before)
        why += f"\n        {code}\n        {margin}^"
    return on_file(job, why, error.lineno or 1, str(error.filename), column)


def raised(job: Job, error: BaseException, test: Any = None) -> "Verdict":
    """✗ for what the judge doesn't catch: at the import, and what is no `Exception`."""
    from coach.judge import NOT_THE_LEARNERS, _said

    verdict = on_file(job, _said(error), 1)
    if test:
        verdict.exercise, verdict.test = ", ".join(test.exercises), test.__name__
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename == job.path]
    others = [f for f in frames if os.path.isfile(f.filename) and not f.filename.startswith(NOT_THE_LEARNERS)]
    if own or others:
        frame = (own or others)[-1]
        verdict.path, verdict.line, verdict.code = frame.filename, frame.lineno or 1, (frame.line or "").strip()
    return verdict


def plainer(verdict: "Verdict", job: Job) -> None:
    """Says what some errors mean here, where the process has limits and nobody at its keyboard."""
    if STARVED.search(verdict.why):
        asked = ASKED.search(verdict.why)
        wanted = "" if not asked else asked[2] or f"{int(asked[1]) / GIB:.1f} GiB"
        verdict.why = too_much(job.memory, wanted)
    elif verdict.why.startswith("EOFError") and "input" in verdict.code:
        zh = "它用 `input()` 等键盘输入，而评判时没有键盘：需要的东西请从参数里取"
        en = "it waits for `input()`, and there is no keyboard here: take what it needs from its arguments"
        verdict.why = say(zh=zh, en=en)


def too_much(limit: int, wanted: str = "") -> str:
    zh, en = (f"（它要 {wanted}）", f" (it asked for {wanted})") if wanted else ("", "")
    size = f"{limit / GIB:.1f} GiB"
    return say(zh=f"内存超过上限 {size}{zh}", en=f"it takes more memory than the limit of {size}{en}")


def tests_of(job: Job) -> list[Any]:
    """The lesson's tests of the job's exercises, in their order."""
    module = sys.modules[f"{job.lesson}.tests"]
    tests = [t for t in vars(module).values() if hasattr(t, "judge") and t.__module__ == module.__name__]
    return [t for t in tests if set(t.exercises) & set(job.exercises) and not (job.quick and t.slow)]


def judge(job: Job, test: Any, answers: types.ModuleType) -> "Verdict":
    """The verdict of one test, whatever the learner's code does short of ending the process."""
    for name in test.exercises:
        if why := unfit(job, name, answers):
            return dataclasses.replace(on_file(job, *why), exercise=", ".join(test.exercises), test=test.__name__)
    try:
        functions = [getattr(answers, name) for name in test.exercises]
        return test.judge(*functions, diagnose=test.__name__ not in job.undiagnosed)
    except BaseException as error:
        return raised(job, error, test)


def unfit(job: Job, name: str, answers: types.ModuleType) -> tuple[str, int] | None:
    """Why `name` can't be judged, and the line, if so: it is gone, or no longer a function."""
    if not hasattr(answers, name):
        zh = f"{job.file} 里没有 `{name}`：删掉或改名了？coach reset {name} 会放回原样"
        en = f"there is no `{name}` in {job.file}: deleted, or renamed? `coach reset {name}` brings its stub back"
        return say(zh=zh, en=en), 1
    value, ours = getattr(answers, name), getattr(sys.modules[f"{job.lesson}.solutions"], name, None)
    if not callable(ours) or callable(value):
        return None
    kind = type(value).__name__
    line = next((i for i, text in enumerate(job.lines, 1) if re.match(rf"{name}\b", text)), 1)
    zh, en = f"`{name}` 应当是函数，现在却是 {kind}", f"`{name}` should be a function, and is now of type {kind}"
    return say(zh=zh, en=en), line


def work(job: Job, channel: Channel, stage: Stage) -> None:
    """Judges, and says each verdict as it comes."""
    limit_memory(job, stage)
    tests = [test for test in tests_of(job) if test.__name__ not in job.done]
    at_import = job.seconds or 10
    channel.say("begin", test="", exercise=job.file, limit=at_import)
    with stage.limited(at_import):
        answers = load(job)
    if not isinstance(answers, types.ModuleType):
        report(job, answers, channel, stage)
        return
    if job.done:
        stage.collect()  # what the import prints was shown by the worker before
    for test in tests:
        limit = job.seconds or test.seconds
        channel.say("begin", test=test.__name__, exercise=", ".join(test.exercises), limit=limit)
        stage.open_streams()
        began = time.perf_counter()
        with stage.limited(limit):
            verdict = judge(job, test, answers)
        verdict.seconds = time.perf_counter() - began
        report(job, verdict, channel, stage)


def report(job: Job, verdict: "Verdict", channel: Channel, stage: Stage) -> None:
    plainer(verdict, job)
    verdict.path = verdict.path if os.path.isfile(verdict.path) else job.path
    verdict.line = verdict.line or 1
    verdict.output = stage.collect()
    channel.say("verdict", verdict=dataclasses.asdict(verdict))


def limit_memory(job: Job, stage: Stage) -> None:
    """RLIMIT_DATA counts what can be written to, so not the addresses that CUDA reserves."""
    if job.polls:
        threading.Thread(target=watch_memory, args=(job.memory, stage), daemon=True).start()
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = job.memory if hard == resource.RLIM_INFINITY else min(job.memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def watch_memory(limit: int, stage: Stage) -> None:
    """Ends this process once it holds more than `limit`, noting where it was."""
    import psutil

    process, leave = psutil.Process(), os.kill if os.name == "posix" else None
    while process.memory_info().rss <= limit:
        time.sleep(0.02)
    stage.fault.write(f"{OVER_MEMORY}\n".encode())
    faulthandler.dump_traceback(stage.fault)
    leave(os.getpid(), signal.SIGKILL) if leave else os.abort()


def prepare(lessons: list[str]) -> None:
    """Imports the course, so that a job waits for nothing. Import only: libgomp hangs in a child of a parent that computed."""
    importlib.import_module("coach.judge")
    for lesson in lessons:
        for part in ("tests", "solutions", "mistakes"):
            if part != "mistakes" or importlib.util.find_spec(f"{lesson}.mistakes"):
                importlib.import_module(f"{lesson}.{part}")
    gc.collect()
    gc.freeze()  # what is here stays: a collection in a forked child would copy and walk all of it


def messages_from(control: int) -> Iterator[list[dict[str, Any]]]:
    """The messages on `control`, all that came together, until its other end is closed."""
    data = b""
    while more := os.read(control, 1 << 16):
        data += more
        if data.endswith(b"\n"):
            yield list(map(json.loads, data.splitlines()))
            data = b""


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
        if self.busy:
            self.channel.say("ended", status=os.waitstatus_to_exitcode(status))
            if not status and self.job:  # a child has compiled this and lived: the next one finds it done
                with contextlib.suppress(SyntaxError, ValueError):
                    code_of(self.job.data, self.job.path)
        else:
            os.close(self.to_child)
        self.busy = False
        return True


def warm_up() -> None:
    """Judges a trifle, in a child: its first steps are slow, and the parent must not compute."""
    from coach.judge import judged

    def test_trifle(trifle: Any) -> None:
        trifle(2)

    def trifle(n: int) -> Any:
        torch = sys.modules.get("torch")
        return torch and torch.linspace(0, 1, n)

    judged(test_trifle).judge(trifle)


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


if __name__ == "__main__":
    main(sys.argv[1:])
