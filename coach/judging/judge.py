"""`judged` turns what a test does with a learner's function into a verdict: ○ not written yet, ✗ wrong, ✓ right."""

import contextlib
import functools
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from coach.judging.battery import PARTS, again, battery, check_gradients
from coach.judging.compare import OBSERVERS, close
from coach.judging.diagnosis import Search, Tape
from coach.judging.reading import read, setter_in, shadowed
from coach.judging.surroundings import defaults
from coach.judging.trial import TRIALS, Trial, signature_of, watched
from coach.judging.verdict import Verdict
from coach.words import RIGHT, UNWRITTEN, WRONG, say, show, visible

SECONDS = 10  # the time limit of `coach check`, unless the test names another


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


@dataclass
class Judgement:
    """A test with what was said of it; `judge` gives the verdict on functions."""

    test: Callable
    skip: Mapping[str, str] = field(default_factory=dict)
    gradients: tuple[str, ...] = ()
    same: Callable[[Any, Any], None] = close
    slow: bool = False

    def __post_init__(self) -> None:
        if unknown := set(self.skip) - {"inputs", *PARTS}:
            name = self.test.__name__
            raise ValueError(f"{name}: skip={sorted(unknown)}: the battery has inputs, {', '.join(PARTS)}")
        parameters = inspect.signature(self.test).parameters.values()
        self.exercises = tuple(p.name for p in parameters if p.default is p.empty)

    def judge(
        self,
        *functions: Any,
        like: Mapping[str, Any] | None = None,
        diagnose: bool = True,
        tapes: dict[tuple[int, ...], Tape] | None = None,
        **others: Any,
    ) -> Verdict:
        """The verdict on `functions`, one for each exercise of the test.

        `like` are the answers whose annotations hold: by default the course's own, else the functions themselves.
        The time to find the likely mistake is bounded, but for `tapes`: what functions do is kept there, for the next
        search of the same test.
        """
        given = dict(zip(self.exercises, functions, strict=False))
        like = dict(given) | dict(like or solutions_of(self.test.__module__, self.exercises))
        verdict = self.attempt(given, like, others)
        if verdict.mark == WRONG:
            verdict.noticed = verdict.noticed or shadowed(given)
        if verdict.mark == WRONG and diagnose:
            self.diagnose(verdict, given, like, others, tapes)
        return verdict

    def attempt(self, given: Mapping, like: Mapping, others: Mapping) -> Verdict:
        """One run of the test, with the battery after it."""
        verdict, trial = Verdict(RIGHT, self.exercises, self.test.__name__), Trial()
        with self._running(trial, given, like) as functions:
            try:
                self.test(**functions, **others)
                battery(trial, functions, self.skip, self.gradients, self.same, like)
            except (Exception, SystemExit) as error:
                read(error, verdict, trial, given, self.test.__code__)
        return verdict

    @contextlib.contextmanager
    def _running(self, trial: Trial, given: Mapping, like: Mapping):
        """The functions as the test sees them, under the defaults."""
        functions = {name: watched(given[name], name, trial, like[name], self.skip) for name in self.exercises}
        TRIALS.append(trial)
        try:
            with defaults(lenient=not from_the_course(given)):
                yield functions
        finally:
            TRIALS.pop()

    def diagnose(self, verdict: Verdict, given: Mapping, like: Mapping, others: Mapping, tapes: Any) -> None:
        """Says of a wrong answer which known mistake it is, or that the course's own answer fails as well."""
        run = functools.partial(self.observe, like=like, others=others)
        search = Search(self.test.__module__, given, like, run, hurry=not self.slow and tapes is None, tapes=tapes)
        if search.does_the_right and self.attempt(like, like, others).mark == WRONG:
            zh, en = (
                "课程自己的答案在这里也通不过，所以原因不在这个练习里",
                "the course's own answer fails here as well: the cause lies outside this exercise",
            )
            verdict.noticed = say(zh=zh, en=en) + setter_in(given)
        elif known := search.mistake():
            verdict.mistake, verdict.likely = known.name, known.explained()

    def observe(
        self, functions: Mapping, observer: Callable[[str, Any], None], *, like: Mapping, others: Mapping
    ) -> None:
        """Goes through the whole test with `functions`, whatever they do, and tells `observer` what it sees."""
        trial = Trial()
        OBSERVERS.append(observer)
        try:
            with self._running(trial, functions, like) as watching:
                try:
                    self.test(**watching, **others)
                except (Exception, SystemExit) as error:
                    observer("end", error)
                for name, samples in list(trial.samples.items()):
                    self._observe_more(name, watching[name], samples, like[name])
        finally:
            OBSERVERS.pop()

    def _observe_more(self, name: str, function: Callable, samples: list, like: Any) -> None:
        """The calls that the battery would add, and the gradients."""
        for sample in list(samples):
            if not sample.args and not sample.kwargs:
                OBSERVERS[-1]("table", sample.result)
            for _, args, kwargs in again(sample, self.skip):
                _noted(functools.partial(function, *args, **kwargs))
        if self.gradients and samples and (signature := signature_of(like)):
            exact = "float64" not in self.skip
            _noted(lambda: check_gradients(function, samples[0], signature, self.gradients, exact=exact))


def _noted(call: Callable) -> None:
    try:
        call()
    except (Exception, SystemExit) as error:
        OBSERVERS[-1]("end", error)


def judged(
    test: Callable | None = None,
    *,
    skip: Mapping[str, str] | None = None,
    gradients: str = "",
    same: Callable[[Any, Any], None] = close,
    slow: bool = False,
    seconds: float = 0,
) -> Any:
    """Makes `def test_f(f)` callable from a cell, and collected by pytest.

    Called from a cell it prints the verdict, and returns whether the answer is right. Under pytest it raises
    `WrongAnswer` for ✗, `Unwritten` for ○, and returns None.

    The exercises are its parameters without a default. `skip` opts out of parts of the battery, each with its reason;
    `gradients` names arguments with respect to which gradients must be right; `same(got, expected)` is how the battery
    compares, where several results are right; `slow` is for what trains; `seconds` is the limit of `coach check`.
    """
    if test is None:
        return functools.partial(judged, skip=skip, gradients=gradients, same=same, slow=slow, seconds=seconds)
    judgement = Judgement(test, skip or {}, tuple(gradients.split()), same, slow)

    @functools.wraps(test)
    def judged_test(*functions: Any, **others: Any) -> bool | None:
        named = {name: others.pop(name) for name in judgement.exercises if name in others}
        given = dict(zip(judgement.exercises, functions, strict=False)) | named
        if missing := [name for name in judgement.exercises if name not in given]:
            wanted = ", ".join(judgement.exercises)
            raise TypeError(f"{test.__name__}({wanted}): give it {', '.join(missing)}, your function")
        return _announce(judgement.judge(*(given[name] for name in judgement.exercises), **others))

    told = {"judge": judgement.judge, "exercises": judgement.exercises, "slow": slow}
    vars(judged_test).update(told, seconds=seconds or (60 if slow else SECONDS))
    return judged_test


def _announce(verdict: Verdict) -> bool | None:
    if "PYTEST_CURRENT_TEST" not in os.environ:
        show(visible(str(verdict)))
        return verdict.mark == RIGHT
    if verdict.mark == WRONG:
        raise WrongAnswer(verdict)
    if verdict.mark == UNWRITTEN:
        raise Unwritten(verdict)
    return None  # pytest wants no more of a test


def solutions_of(module: str, exercises: tuple[str, ...]) -> dict[str, Any]:
    """The course's own answers, as far as there are any: of the lesson that the test module is in."""
    package = module.rpartition(".")[0]
    name = f"{package}.solutions"
    if package and name not in sys.modules:
        try:
            importlib.import_module(name)
        except ImportError:
            return {}
    known = vars(sys.modules[name]) if name in sys.modules else {}
    return {exercise: known[exercise] for exercise in exercises if exercise in known}


def from_the_course(given: Mapping[str, Any]) -> bool:
    """Whether all of these are the course's own: what they do may not even warn."""
    return all(str(getattr(value, "__module__", "")).endswith(".solutions") for value in given.values())
