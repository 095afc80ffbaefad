"""`judged` turns what a test does with a learner's function into a verdict: ○ not written yet, ✗ wrong, ✓ right."""

import contextlib
import functools
import inspect
import io
import linecache
import os
import random
import sys
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from coach.judging.battery import battery
from coach.judging.compare import Wrong, brief
from coach.judging.mistakes import mistakes_of
from coach.judging.trial import TRIALS, Trial, watched
from coach.judging.verdict import Verdict
from coach.words import RIGHT, UNWRITTEN, WRONG, say, show

SECONDS = 10  # the time limit of `coach check`, unless the test names another


NOT_THE_LEARNERS = tuple(
    str(Path(path).resolve()) for path in (*sysconfig.get_paths().values(), Path(__file__).parent) if path
)


class Unwritten(Exception):
    """The exercise is still its stub. The chapter's conftest turns this into a skip."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class WrongAnswer(AssertionError):
    """A wrong answer, under pytest."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


def judged(
    test: Callable | None = None,
    *,
    skip: Mapping[str, str] | None = None,
    gradients: str = "",
    slow: bool = False,
    seconds: float = 0,
) -> Any:
    """Makes `def test_f(f)` callable from a cell, and collected by pytest.

    Called from a cell it prints the verdict, and returns whether the answer is right. Under pytest it raises
    `WrongAnswer` for ✗, `Unwritten` for ○, and returns None.

    The exercises are its parameters without a default. `skip` opts out of parts of the battery, each with its reason;
    `gradients` names arguments that they must reach; `slow` is for what trains; `seconds` is the limit of `coach check`.
    """
    if test is None:
        return functools.partial(judged, skip=skip, gradients=gradients, slow=slow, seconds=seconds)
    unknown = set(skip or {}) - {"inputs", "repeat", "strided", "float64"}
    if unknown:
        raise ValueError(
            f"{test.__name__}: skip={sorted(unknown)}: the battery has inputs, repeat, strided and float64"
        )
    parameters = inspect.signature(test).parameters.values()
    exercises = tuple(p.name for p in parameters if p.default is p.empty)
    attempt = functools.partial(_attempt, test, exercises, skip or {}, tuple(gradients.split()))

    def judge(*functions: Any, like: Mapping[str, Any] | None = None, diagnose: bool = True, **others: Any) -> Verdict:
        given = dict(zip(exercises, functions, strict=False))
        verdict = attempt(given, like or given, others)
        if diagnose and verdict.mark == WRONG:
            _diagnose(verdict, attempt, given, like or given, others, test.__module__)
        return verdict

    @functools.wraps(test)
    def judged_test(*functions: Any, **others: Any) -> bool | None:
        named = {name: others.pop(name) for name in exercises if name in others}
        given = dict(zip(exercises, functions, strict=False)) | named
        if missing := [name for name in exercises if name not in given]:
            raise TypeError(f"{test.__name__}({', '.join(exercises)}): give it {', '.join(missing)}, your function")
        return _announce(judge(*(given[name] for name in exercises), **others))

    judged_test.judge, judged_test.exercises, judged_test.slow = judge, exercises, slow  # type: ignore[attr-defined]
    judged_test.seconds = seconds or (60 if slow else SECONDS)  # type: ignore[attr-defined]
    return judged_test


def _announce(verdict: Verdict) -> bool | None:
    if "PYTEST_CURRENT_TEST" not in os.environ:
        show(str(verdict))
        return verdict.mark == RIGHT
    if verdict.mark == WRONG:
        raise WrongAnswer(verdict)
    if verdict.mark == UNWRITTEN:
        raise Unwritten(verdict)
    return None  # pytest wants no more of a test


def _attempt(
    test: Callable, exercises: tuple, skip: Mapping, gradients: tuple, given: Mapping, like: Mapping, others: Mapping
) -> Verdict:
    """One run of `test`, with the battery after it."""
    trial = Trial()
    functions = {name: watched(given[name], name, trial, like[name], skip) for name in exercises}
    verdict = Verdict(RIGHT, exercises, test.__name__)
    _seed()
    TRIALS.append(trial)
    try:
        test(**functions, **others)
        battery(trial, functions, skip, gradients)
    except (Exception, SystemExit) as error:
        _read(error, verdict, trial, given, test.__code__)
    finally:
        TRIALS.remove(trial)
    return verdict


def _seed() -> None:
    random.seed(0)
    for name in ("numpy.random", "torch.random"):
        if module := sys.modules.get(name):
            (module.seed if name == "numpy.random" else module.manual_seed)(0)


def _read(error: BaseException, verdict: Verdict, trial: Trial, given: Mapping[str, Any], test: Any) -> None:
    """Writes into `verdict` what `error` says of the learner's functions."""
    frames = list(traceback.walk_tb(error.__traceback__))
    test_path = Path(test.co_filename).resolve()
    in_test = [line for frame, line in frames if _file(frame) == test_path]
    verdict.test_path, verdict.test_line = str(test_path), in_test[-1] if in_test else test.co_firstlineno + 1
    verdict.test_code = linecache.getline(str(test_path), verdict.test_line).strip()
    if stub := _stub(error, frames):
        verdict.mark = UNWRITTEN
        verdict.why = say(zh="还没有写", en="not written yet")
        if stub not in [part for name in given for part in (name, getattr(given[name], "__name__", name))]:
            verdict.why = say(zh=f"它要用的 `{stub}` 还没有写", en=f"it needs `{stub}`, which is not written yet")
        return
    verdict.mark = WRONG
    own = _learners_frame(frames, given, test_path)
    call = trial.calls[-1] if trial.calls else None
    if isinstance(error, Wrong):
        call = trial.call_of(error.got)
        verdict.why, verdict.expected, verdict.got = trial.stage + error.why, error.expected, error.shown
    elif own is None and isinstance(error, AssertionError):
        verdict.why = trial.stage + (str(error) or verdict.test_code)
    else:
        verdict.why = trial.stage + _said(error)
        if own is None and call is not None:
            verdict.got = _brief_result(call)
    verdict.call = str(call) if call else ""
    if own and not isinstance(error, Wrong):
        verdict.path, verdict.line = own
        verdict.code = linecache.getline(*own).strip()
    else:
        verdict.path, verdict.line = _definition(given[call.name.split("(")[0] if call else next(iter(given))])


def _brief_result(call: Any) -> str:

    return brief(call.result)


def _said(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return say(zh="调用了 `sys.exit`", en="it called `sys.exit`")
    if isinstance(error, RecursionError):
        return say(zh="RecursionError：它不停地调用自己", en="RecursionError: it calls itself without end")
    text = str(error).strip()
    text = text.split("\nException raised from")[0]  # torch's C++ stack
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _file(frame: Any) -> Path:
    return Path(frame.f_code.co_filename).resolve()


def _stub(error: BaseException, frames: list) -> str:
    """The name of the function whose bare `raise NotImplementedError` this is, "" if it is something else."""
    if not isinstance(error, NotImplementedError) or error.args or not frames:
        return ""
    frame, _ = frames[-1]
    qualname = frame.f_code.co_qualname.split("<locals>.")[-1]
    return "" if str(_file(frame)).startswith(NOT_THE_LEARNERS) else qualname.split(".")[0]


def _learners_frame(frames: list, given: Mapping[str, Any], test_path: Path) -> tuple[str, int] | None:
    """Where the learner's own code was: in the file of a function under test, else the deepest that is not the course's."""
    files = {path for path, _ in map(_definition, given.values())}
    own = [(frame.f_code.co_filename, line) for frame, line in frames if frame.f_code.co_filename in files]
    if own:
        return own[-1]
    others = [(f.f_code.co_filename, n) for f, n in frames if not str(_file(f)).startswith(NOT_THE_LEARNERS)]
    others = [place for place in others if Path(place[0]).resolve() != test_path]
    return others[-1] if others else None


def _definition(function: Any) -> tuple[str, int]:
    code = getattr(inspect.unwrap(function) if callable(function) else function, "__code__", None)
    if code:
        return code.co_filename, code.co_firstlineno
    return _class_definition(function) if inspect.isclass(function) else ("", 0)


@functools.lru_cache(maxsize=512)  # Python parses the whole file to find a class in it
def _class_definition(written: type) -> tuple[str, int]:
    try:
        return inspect.getsourcefile(written) or "", inspect.getsourcelines(written)[1]
    except (OSError, TypeError):
        return "", 0


def _diagnose(verdict: Verdict, attempt: Callable, given: Mapping, like: Mapping, others: Mapping, module: str) -> None:
    """Names the known mistake that fails this very test with this very verdict, if there is one."""
    for exercise in given:
        for known in mistakes_of(module, exercise):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                tried = attempt(dict(given) | {exercise: known.function}, like, others)
            if tried.key == verdict.key:
                verdict.mistake, verdict.likely = known.name, known.explained()
                return
