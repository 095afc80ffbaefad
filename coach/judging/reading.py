"""What an error says of the learner's functions: where it was, which call it was, and what surely lies behind it."""

import builtins
import functools
import inspect
import linecache
import re
import sysconfig
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from coach.judging.compare import Wrong, brief, words_of
from coach.judging.trial import Trial
from coach.judging.verdict import Verdict, quoted
from coach.words import UNWRITTEN, WRONG, say

LIBRARIES = tuple(
    Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")
)
COACH = Path(__file__).resolve().parents[1]
# Lines that change what is judged under, and that nobody can take back afterwards.
SETTERS = re.compile(r"\b(?:torch\.set_\w+|torch\.inference_mode|torch\.use_\w+|np\.seterr|from torch import \*)")


def is_the_learners(path: str) -> bool:
    """Whether a file is neither Python's, nor a library's, nor ours."""
    resolved = Path(path).resolve()
    return not any(resolved.is_relative_to(folder) for folder in (*LIBRARIES, COACH)) and not path.startswith("<frozen")


def read(error: BaseException, verdict: Verdict, trial: Trial, given: Mapping[str, Any], code: Any) -> None:
    """Writes into `verdict` what `error` says of the learner's functions; `code` is the test's."""
    frames = list(traceback.walk_tb(error.__traceback__))
    test_path = Path(code.co_filename).resolve()
    in_test = [line for frame, line in frames if _file(frame) == test_path]
    verdict.test_path, verdict.test_line = str(test_path), in_test[-1] if in_test else code.co_firstlineno + 1
    verdict.test_code = quoted(str(test_path), verdict.test_line)
    names = [part for name in given for part in (name, getattr(given[name], "__name__", name))]
    if stub := stub_of(error, names):
        verdict.mark = UNWRITTEN
        verdict.why = say(zh="还没有写", en="not written yet")
        if stub not in names:
            verdict.why = say(zh=f"它要用的 `{stub}` 还没有写", en=f"it needs `{stub}`, which is not written yet")
        return
    verdict.mark = WRONG
    own = _learners_frame(frames, given, test_path)
    call = trial.calls[-1] if trial.calls else None
    if isinstance(error, Wrong):
        call = trial.call_of(error.got)
        verdict.why, verdict.expected, verdict.got = trial.stage + error.why, error.expected, error.shown
        verdict.noticed = error.noticed
    elif own is None and isinstance(error, AssertionError):
        verdict.why = trial.stage + (words_of(error) or verdict.test_code)
    else:
        verdict.why = trial.stage + said(error)
        if own is None and call is not None and call.result is not None:
            verdict.got = brief(call.result)
    verdict.call = str(call) if call else ""
    if own and not isinstance(error, Wrong):
        verdict.path, verdict.line = own
        verdict.code = linecache.getline(*own).strip()
    else:
        verdict.path, verdict.line = _definition(given[call.exercise if call else next(iter(given))])


def said(error: BaseException) -> str:
    """An error in a line."""
    if isinstance(error, SystemExit):
        return say(zh="调用了 `sys.exit`", en="it called `sys.exit`")
    if isinstance(error, RecursionError):
        return say(zh="RecursionError：它不停地调用自己", en="RecursionError: it calls itself without end")
    text = words_of(error).strip()
    text = text.split("\nException raised from")[0]  # torch's C++ stack
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _file(frame: Any) -> Path:
    return Path(frame.f_code.co_filename).resolve()


def stub_of(error: BaseException, names: Sequence[str] = ()) -> str:
    """The name of the function whose bare `raise NotImplementedError` this is, "" if it is something else.

    A stub within a function that is returned is that function's: it counts as the one of `names` around it.
    """
    frames = list(traceback.walk_tb(error.__traceback__))
    if not isinstance(error, NotImplementedError) or error.args or not frames:
        return ""
    frame, _ = frames[-1]
    around = [part.split(".")[0] for part in frame.f_code.co_qualname.split(".<locals>.")]
    found = next((part for part in around if part in names), around[-1])
    of_a_function = is_the_learners(frame.f_code.co_filename) and found != "<module>"
    return found if of_a_function else ""


def _learners_frame(frames: list, given: Mapping[str, Any], test_path: Path) -> tuple[str, int] | None:
    """Where the learner's own code was: in the file of a function under test, else the deepest that is not the course's."""
    files = {path for path, _ in map(_definition, given.values())}
    own = [(frame.f_code.co_filename, line) for frame, line in frames if frame.f_code.co_filename in files]
    if own:
        return own[-1]
    others = [(f.f_code.co_filename, n) for f, n in frames if is_the_learners(f.f_code.co_filename)]
    others = [place for place in others if Path(place[0]).resolve() != test_path]
    return others[-1] if others else None


def _definition(function: Any) -> tuple[str, int]:
    if isinstance(function, functools.partial):
        return _definition(function.func)
    code = getattr(inspect.unwrap(function) if callable(function) else function, "__code__", None)
    if code:
        return code.co_filename, code.co_firstlineno
    return _class_definition(function if inspect.isclass(function) else type(function))


@functools.lru_cache(maxsize=512)  # Python parses the whole file to find a class in it
def _class_definition(written: type) -> tuple[str, int]:
    try:
        return inspect.getsourcefile(written) or "", inspect.getsourcelines(written)[1]
    except (OSError, TypeError):
        return "", 0


def shadowed(given: Mapping[str, Any]) -> str:
    """Which of Python's own names mean something else in the learner's functions, "" if none does."""
    for function in given.values():
        code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
        for name in code.co_names if code else ():
            other = names.get(name)
            if hasattr(builtins, name) and callable(other) and other is not getattr(builtins, name):
                of = getattr(other, "__module__", "") or "torch"
                zh = f"`{name}` 在这个文件里不是 Python 自己的，而是 {of} 的：`from torch import *` 会这样"
                en = f"`{name}` is not Python's own in this file but {of}'s: `from torch import *` does that"
                return say(zh=zh, en=en) + setter_in(given)
    return ""


def setter_in(given: Mapping[str, Any]) -> str:
    """The first line of the learner's file that changes the surroundings, as the end of a sentence; "" if none does."""
    for path in {path for path, _ in map(_definition, given.values()) if path}:
        for number, line in enumerate(linecache.getlines(path), 1):
            if SETTERS.search(line) and not line.lstrip().startswith("#"):
                return say(zh=f"（看第 {number} 行：`{line.strip()}`）", en=f" (see line {number}: `{line.strip()}`)")
    return ""
