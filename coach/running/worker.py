"""Judges one job in this process: loads the learner's file, runs the tests on it, and says each verdict as it comes."""

import codecs
import dataclasses
import faulthandler
import importlib.machinery
import importlib.util
import linecache
import os
import re
import signal
import sys
import threading
import time
import traceback
import types
import unicodedata
from typing import Any

from coach.judging.reading import is_the_learners, said, stub_of
from coach.judging.verdict import Verdict
from coach.running.cells import code_of
from coach.running.explained import called_too_early, cells_own, left_open, magic_line, meaning, never_closed
from coach.running.job import OVER_MEMORY, Channel, Job, shortened
from coach.running.stage import Stage, Surroundings, at_home, nobody_is_watching
from coach.words import WRONG, say

# A comment that names the file's encoding, as Python reads it.
CODING = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


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
    sys.modules[name] = sys.modules["answers"] = module  # a helper beside it may say `from answers import f`
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
    return misnamed(job.data, text)


def misnamed(data: bytes, text: str) -> tuple[str, int] | None:
    """What to do about a line that names an encoding in which this UTF-8 text can't be read, and that line, if there is one."""
    for number, line in enumerate(re.split("\r\n?|\n", text.removeprefix("\ufeff"))[:2], 1):
        if (found := CODING.match(line)) and not re.match("utf[-_]8([-_]|$)", found[1], re.IGNORECASE):
            try:
                data.decode(found[1])
                if not data.startswith(codecs.BOM_UTF8):
                    return None
            except (LookupError, UnicodeError):
                pass
            zh = f"第 {number} 行说文件是 {found[1]} 编码，其实它是 UTF-8：删掉这一行"
            return say(
                zh=zh, en=f"line {number} says that the file is in {found[1]}, and it is in UTF-8: take that line out"
            ), number
        if line.strip() and not line.lstrip().startswith("#"):
            return None  # from here on a comment names no encoding
    return None


def on_file(job: Job, why: str, line: int, path: str = "", column: int = 0) -> "Verdict":
    """✗ for the file as a whole: no test was begun."""
    return Verdict(WRONG, (job.file,), "", why, path=path or job.path, line=line, column=column)


def at_line(job: Job, why: str, line: int) -> "Verdict":
    return dataclasses.replace(on_file(job, why, line), code=job.line(line).strip())


def syntax(job: Job, error: SyntaxError) -> "Verdict":
    """✗ with the line and a caret beneath the place; for what is no slip of Python's, what to write instead."""
    line = error.lineno or 1
    if error.filename == job.path:
        opened = left_open(job.data)
        if "triple-quoted" in error.msg or 0 < opened < line:
            return at_line(job, never_closed(), opened or line)
        line = magic_line(job, line)
        if instead := cells_own(job.line(line), error.msg):
            return at_line(job, instead, line)
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

    verdict = on_file(job, said(error), 1)
    if test:
        verdict.exercises, verdict.test = test.exercises, test.__name__
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename == job.path]
    others = [f for f in frames if os.path.isfile(f.filename) and is_the_learners(f.filename)]
    if not test and own and (name := stub_of(error)):
        return at_line(job, called_too_early(name), own[0].lineno or 1)
    if own or others:
        frame = (own or others)[-1]
        verdict.path, verdict.line, verdict.code = frame.filename, frame.lineno or 1, (frame.line or "").strip()
    return verdict


def plainer(verdict: "Verdict", job: Job) -> None:
    """Says what some errors mean here, where the process has limits and nobody at its keyboard."""
    if "BdbQuit" in verdict.why:  # raised at the line after
        above = [i for i, text in enumerate(job.lines[: verdict.line], 1) if re.search("set_trace|breakpoint", text)]
        verdict.line = above[-1] if above else verdict.line
        verdict.code = job.line(verdict.line).strip()
    verdict.why = meaning(verdict.why, verdict.code, job)


def tests_of(job: Job) -> list[Any]:
    """The lesson's tests of the job's exercises, in their order."""
    module = sys.modules[f"{job.lesson}.tests"]
    tests = [t for t in vars(module).values() if hasattr(t, "judge") and t.__module__ == module.__name__]
    return [t for t in tests if set(t.exercises) & set(job.exercises) and not (job.quick and t.slow)]


def judge(job: Job, test: Any, answers: types.ModuleType) -> "Verdict":
    """The verdict of one test, whatever the learner's code does short of ending the process."""
    for name in test.exercises:
        if why := unfit(job, name, answers):
            return dataclasses.replace(on_file(job, *why), exercises=test.exercises, test=test.__name__)
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
    nobody_is_watching()
    at_home(job)
    tests = [test for test in tests_of(job) if test.__name__ not in job.done]
    at_import = job.seconds or 10
    channel.say("begin", test="", exercises=[job.file], limit=at_import)
    with stage.limited(at_import):
        answers = load(job)
    if not isinstance(answers, types.ModuleType):
        report(job, answers, channel, stage)
        return
    if job.done:
        stage.collect()  # what the import prints was shown by the worker before
    surroundings = Surroundings()
    for test in tests:
        limit = job.seconds or test.seconds
        channel.say("begin", test=test.__name__, exercises=test.exercises, limit=limit)
        stage.open_streams()
        surroundings.put_back()
        began = time.perf_counter()
        with stage.limited(limit):
            verdict = judge(job, test, answers)
        verdict.seconds = time.perf_counter() - began
        report(job, verdict, channel, stage)


def report(job: Job, verdict: "Verdict", channel: Channel, stage: Stage) -> None:
    shortened(verdict)  # first: of a message of 100 MB nothing could be said in time
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
