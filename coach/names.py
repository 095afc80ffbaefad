"""What a learner calls things: days, lessons, exercises, files; and what they may have meant."""

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from coach.lesson import Lesson
from coach.words import Trouble, say
from coach.workspace import Workspace

DAY = re.compile(r"(?:day|part|第)?\s*(\d+)\s*天?", re.IGNORECASE)


def target(workspace: Workspace, name: str) -> list[tuple[Lesson, list[str] | None]]:
    """The lessons that `name` means, whole (None), or one exercise of one of them."""
    if DAY.fullmatch(name) or lessons_or_none(workspace, name):
        return [(lesson, None) for lesson in lessons_called(workspace, name)]
    lesson, exercise = exercise_called(workspace, name)
    return [(lesson, [exercise])]


def lessons_called(workspace: Workspace, name: str) -> list[Lesson]:
    """The lessons of a day ("1", "day1"), or the one of that name ("part1_x", "x") or file; `Trouble` if there is none."""
    found = lessons_or_none(workspace, name)
    if not found:
        days = ", ".join(str(day) for day in days_of(workspace))
        zh, en = f"没有叫“{name}”的一天或一课。有：{days}。", f"There is no day or lesson {name!r}. There are {days}."
        raise Trouble(say(zh=zh, en=en) + _meant(name, _lesson_names(workspace)))
    return found


def lessons_or_none(workspace: Workspace, name: str) -> list[Lesson]:
    if day := DAY.fullmatch(name):
        return [lesson for lesson in workspace.lessons if lesson.day == int(day[1])]
    if name.endswith(".py") or re.search(r"[\\/]", name):
        return [_lesson_of_file(workspace, name)]
    return [lesson for lesson in workspace.lessons if name.lower() in (lesson.name.lower(), lesson.subject.lower())]


def exercise_called(workspace: Workspace, name: str) -> tuple[Lesson, str]:
    """The exercise `f` or `lesson.f`; of several lessons that have it, the one that is begun; else `Trouble`."""
    of, _, exercise = name.rpartition(".")
    among = lessons_called(workspace, of) if of else workspace.lessons
    having = [lesson for lesson in among if exercise in lesson.names]
    begun = [lesson for lesson in having if lesson.started]
    if len(having) > 1 and len(begun) != 1:
        which = ", ".join(f"{lesson.name}.{exercise}" for lesson in having)
        zh, en = (
            f"有几课都有 {exercise}。说明是哪一个：{which}。",
            f"Several lessons have {exercise}. Say which: {which}.",
        )
        raise Trouble(say(zh=zh, en=en))
    if not having:
        known = {n for lesson in among for n in lesson.names} | set(_lesson_names(workspace))
        zh, en = f"没有叫“{name}”的练习、天或课。", f"There is no exercise, day or lesson {name!r}."
        raise Trouble(say(zh=zh, en=en) + _meant(exercise, known))
    return (begun or having)[0], exercise


def days_of(workspace: Workspace) -> list[int]:
    """The days there are, in order; `Trouble` if there is no lesson at all."""
    if not workspace.lessons:
        zh = f"在 {workspace.root} 里没有找到任何一课：请在课程的文件夹里运行 coach，或重新取回课程（git checkout）。"
        en = f"There is no lesson in {workspace.root}: run coach in the course's folder, or get the course back."
        raise Trouble(say(zh=zh, en=en))
    return sorted({lesson.day for lesson in workspace.lessons})


def _lesson_of_file(workspace: Workspace, name: str) -> Lesson:
    path = Path(os.path.realpath(name))
    folders = {os.path.normcase(os.path.realpath(lesson.folder)): lesson for lesson in workspace.lessons}
    for folder in (path, path.parent):
        if lesson := folders.get(os.path.normcase(folder)):
            return lesson
    zh = f"{name} 不属于任何一课：请给出某一课的 answers.py。"
    raise Trouble(say(zh=zh, en=f"{name} belongs to no lesson: name the answers.py of one."))


def _lesson_names(workspace: Workspace) -> list[str]:
    return [n for lesson in workspace.lessons for n in (lesson.name, lesson.subject)]


def _meant(name: str, known: Iterable[str]) -> str:
    """A sentence that asks whether a known name was meant; nothing where none is near."""
    near = suggestions(name, known)
    return say(zh=f"是不是 {'、'.join(near)}？", en=f" Did you mean {' or '.join(near)}?") if near else ""


def suggestions(name: str, known: Iterable[str]) -> list[str]:
    """Up to three of `known` that look like `name`, whatever their case."""
    by_lower = {word.lower(): word for word in known}
    return [by_lower[word] for word in difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]
