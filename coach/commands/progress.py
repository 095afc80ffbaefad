"""Where a learner stands: what the tests say of each exercise, and how they marked their own answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coach.answers import learner
from coach.commands.questions import key_of
from coach.commands.shared import show_table
from coach.course.lesson import Lesson, Question
from coach.course.percent import STUB
from coach.judging.verdict import Verdict
from coach.state import State
from coach.words import RIGHT, UNWRITTEN, WRONG, language, say


@dataclass
class Standing:
    """One lesson: each exercise's mark, the minutes of those that don't pass yet, and what mends a gap."""

    lesson: Lesson
    marks: dict[str, str]
    minutes: int
    answered: dict[str, int] = field(default_factory=dict)
    mends: list[str] = field(default_factory=list)

    def count(self, mark: str) -> int:
        return list(self.marks.values()).count(mark)


def standing(lesson: Lesson, verdicts: Mapping[str, "Verdict"], state: State) -> Standing:
    """What the tests (a verdict for each exercise, ○ where there is none) and the learner's own marks say."""
    marks = {name: verdicts[name].mark if name in verdicts else UNWRITTEN for name in lesson.names}
    left = sum(exercise.minutes for exercise in lesson.exercises if marks[exercise.name] != RIGHT)
    own = [(question, state.mark(key_of(lesson, question))) for question in lesson.questions]
    answered = {mark: [m for _, m in own].count(mark) for mark in ("yes", "partly", "no", "")}
    return Standing(lesson, marks, left, answered, _mends(own))


def _mends(own: list[tuple[Question, str]]) -> list[str]:
    """The exercises that mend what the learner marked as not known, each once."""
    return list(dict.fromkeys(question.see for question, mark in own if mark in ("partly", "no") and question.see))


def stubs(lesson: Lesson) -> list[str]:
    """The exercises whose stub still stands in the learner's file: a look at the text, not a verdict."""
    cells = ((name, learner.learners_cell(lesson, name)) for name in lesson.names)
    return [name for name, lines in cells if any(line.strip() == STUB for line in lines)]


def show_all(standings: list[Standing]) -> None:
    """A row for each lesson."""
    titles = ["", RIGHT, WRONG, UNWRITTEN, say(zh="还需分钟", en="min left"), say(zh="自测", en="questions")]
    rows = []
    for s in standings:
        counts = [str(s.count(mark)) for mark in (RIGHT, WRONG, UNWRITTEN)]
        rows.append([s.lesson.title[language()], *counts, str(s.minutes), own_marks(s.answered), ", ".join(s.mends)])
    show_table([*titles, say(zh="可以补的练习", en="mends a gap")], rows, folding={0, 5}, right=range(1, 5))


def lines(standing: Standing) -> None:
    """One lesson's standing as a JSON line."""
    from coach.commands.lines import MARKS, line

    lesson = standing.lesson
    exercises = [
        {
            "name": exercise.name,
            "title": exercise.title[language()],
            "mark": MARKS[standing.marks[exercise.name]],
            "minutes": exercise.minutes,
            "line": learner.line_of(lesson, exercise.name),
        }
        for exercise in lesson.exercises
    ]
    line(
        "lesson",
        lesson=lesson.name,
        title=lesson.title[language()],
        day=lesson.day,
        path=str(lesson.answers),
        minutes_left=standing.minutes,
        exercises=exercises,
        questions={mark or "open": count for mark, count in standing.answered.items()},
        mends=standing.mends,
    )


def own_marks(answered: dict[str, int]) -> str:
    """How many questions the learner marked how; nothing for those with no question."""
    names = {
        "yes": say(zh="会", en="yes"),
        "partly": say(zh="部分", en="partly"),
        "no": say(zh="不会", en="no"),
        "": say(zh="未答", en="open"),
    }
    return " ".join(f"{names[mark]} {number}" for mark, number in answered.items() if number)


def by_exercise(verdicts: Iterable[Verdict], exercises: Iterable[str]) -> dict[str, Verdict]:
    """The verdict of each exercise: of its tests the first ✗, else ○, else ✓. One on the whole file counts for all."""
    order = (WRONG, UNWRITTEN, RIGHT)
    ranked = sorted(verdicts, key=lambda v: order.index(v.mark))
    found = {}
    for name in exercises:
        own = (v for v in ranked if not v.test or name in v.exercises)
        if verdict := next(own, None):
            found[name] = verdict
    return found
