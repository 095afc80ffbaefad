"""`coach contents`: every lesson there is, with its exercises; nothing is run for it."""

from typing import Any

import click

from coach.answers import learner
from coach.commands.group import command, json_option
from coach.commands.shared import show_table
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.percent import spoken_in
from coach.course.source import Row, homes, rows_of
from coach.course.workspace import Workspace
from coach.words import Trouble, language, say, show


@command
@click.option("--source", is_flag=True, help="Each row of the page that the course follows. / 课程所依据的页面，逐行。")
@json_option
def contents(workspace: Workspace, source: bool, as_json: bool) -> None:
    """The days, their lessons and exercises, and which you have begun.

    每一天有哪些课和练习，哪些已经开始。
    """
    lookup.days_of(workspace)
    if source:
        return _sources(workspace, as_json)
    if as_json:
        return _lines(workspace.lessons)
    titles = [say(zh="天", en="day"), "", say(zh="练习", en="exercises"), say(zh="分钟", en="min"), ""]
    rows = []
    for lesson in workspace.lessons:
        minutes = str(sum(exercise.minutes for exercise in lesson.exercises))
        begun = say(zh="已开始", en="begun") if lesson.started else ""
        rows.append([str(lesson.day), lesson.title[language()], str(len(lesson.exercises)), minutes, begun])
    show_table(titles, rows, folding={1}, right={2, 3})


def _sources(workspace: Workspace, as_json: bool) -> None:
    """The rows of the source page, and where each is taught: a table in Markdown, for a page as for a terminal."""
    from coach.commands.lines import line

    lang, topic = language(), ""
    for row in _rows(workspace):
        found, missing = homes(row, workspace.lessons)
        if as_json:
            places = [
                {"lesson": home.lesson.name, "exercise": home.exercise, "title": home.title(lang)} for home in found
            ]
            line("row", topic=row.topic[lang], text=row.said[lang], mark=row.mark, homes=places, missing=missing)
            continue
        if row.topic[lang] != topic:
            topic = row.topic[lang]
            told = say(zh="| | 课 | 练习与小节 |", en="| | lesson | exercises and sections |")
            show(f"\n## {topic}\n\n{told}\n|---|---|---|")
        lessons = ", ".join(dict.fromkeys(f"`{home.lesson.name}`" for home in found))
        titles = ", ".join(f"`{home.exercise}`" if home.exercise else home.title(lang) for home in found)
        waiting = say(zh="（还没有写）", en="(not written yet)") if missing else ""
        cells = (f"{row.mark} {row.said[lang]}", lessons, f"{titles.strip(', ')} {waiting}")
        show(f"| {' | '.join(cell.strip() for cell in cells)} |")


def _rows(workspace: Workspace) -> list[Row]:
    """Of every chapter that has such a page."""
    found = sorted(workspace.root.glob("chapter*/source.toml"))
    if not found:
        zh, en = "这里没有 source.toml。", "There is no source.toml here."
        raise Trouble(zh=zh, en=en)
    return [row for path in found for row in rows_of(path)]


def _lines(lessons: list[Lesson]) -> None:
    from coach.commands.lines import line

    for lesson in lessons:
        text = learner.seen(lesson) if lesson.started else ""
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
