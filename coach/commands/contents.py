"""`coach contents`: every lesson there is, with its exercises; nothing is run for it."""

from typing import Any

from coach.answers import learner
from coach.commands.group import command, json_option
from coach.commands.shared import show_table
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.percent import spoken_in
from coach.course.workspace import Workspace
from coach.words import language, say


@command
@json_option
def contents(workspace: Workspace, as_json: bool) -> None:
    """The days, their lessons and exercises, and which you have begun.

    每一天有哪些课和练习，哪些已经开始。
    """
    lookup.days_of(workspace)
    if as_json:
        return _lines(workspace.lessons)
    titles = [say(zh="天", en="day"), "", say(zh="练习", en="exercises"), say(zh="分钟", en="min"), ""]
    rows = []
    for lesson in workspace.lessons:
        minutes = str(sum(exercise.minutes for exercise in lesson.exercises))
        begun = say(zh="已开始", en="begun") if lesson.started else ""
        rows.append([str(lesson.day), lesson.title[language()], str(len(lesson.exercises)), minutes, begun])
    show_table(titles, rows, folding={1}, right={2, 3})


def _lines(lessons: list[Lesson]) -> None:
    from coach.commands.lines import line

    for lesson in lessons:
        text = learner.read(lesson) if lesson.started else ""
        line(
            "contents",
            lesson=lesson.name,
            day=lesson.day,
            title=lesson.title[language()],
            path=str(lesson.answers),
            begun=lesson.started,
            language=spoken_in(text) or "",
            minutes=sum(exercise.minutes for exercise in lesson.exercises),
            exercises=[_described(lesson, exercise) for exercise in lesson.exercises],
        )


def _described(lesson: Lesson, exercise: Any) -> dict[str, Any]:
    return {
        "name": exercise.name,
        "title": exercise.title[language()],
        "minutes": exercise.minutes,
        "difficulty": exercise.difficulty,
        "importance": exercise.importance,
        "bonus": exercise.bonus,
        "line": learner.line_of(lesson, exercise.name) if lesson.started else 0,
    }
