"""What a learner calls things: days, lessons, exercises, files; and what they may have meant."""

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from coach.course.lesson import Lesson
from coach.course.percent import markers, named_on
from coach.course.place import place_of
from coach.course.workspace import Workspace
from coach.words import Trouble, say

AT_LINE = re.compile(r"(.+\.py)[:：](\d{1,9})(?:[:：]\d+)?[:：]?")  # as editors and compilers write a place
OF_ABOVE = re.compile(r'tags=\[.*"(?:hint|question|answer)"')  # text that belongs to the exercise above it
DAY = re.compile(r"(?:day|part|第)?\s*(\d{1,4})\s*天?", re.IGNORECASE)


def target(workspace: Workspace, name: str) -> list[tuple[Lesson, list[str] | None]]:
    """The lessons that `name` means, whole (None), or one exercise of one of them."""
    if not AT_LINE.fullmatch(name) and (DAY.fullmatch(name) or lessons_or_none(workspace, name)):
        return [(lesson, None) for lesson in lessons_called(workspace, name)]
    lesson, exercise = exercise_called(workspace, name)
    return [(lesson, [exercise])]


def lessons_called(workspace: Workspace, name: str) -> list[Lesson]:
    """The lessons of a day ("1", "day1"), or the one of that name ("part1_x", "x") or file; `Trouble` if there is none."""
    found = lessons_or_none(workspace, name)
    if not found:
        days = ", ".join(str(day) for day in days_of(workspace))
        zh, en = f"没有叫“{name}”的一天或一课。有：{days}。", f"There is no day or lesson {name!r}. There are {days}."
        raise Trouble.told(say(zh=zh, en=en) + _meant(name, _lesson_names(workspace)))
    return found


def lessons_or_none(workspace: Workspace, name: str) -> list[Lesson]:
    if day := DAY.fullmatch(name):
        return [lesson for lesson in workspace.lessons if lesson.day == int(day[1])]
    if _is_path(name):
        return [_lesson_of_file(workspace, name)]
    return [lesson for lesson in workspace.lessons if name.lower() in (lesson.name.lower(), lesson.subject.lower())]


def exercise_called(workspace: Workspace, name: str) -> tuple[Lesson, str]:
    """The exercise `f`, `lesson.f` or `FILE:LINE`; of several lessons that have it, the one that is begun; else `Trouble`."""
    if place := AT_LINE.fullmatch(name):
        return exercise_at(workspace, place[1], int(place[2]))
    if _is_path(name):
        zh, en = f"说明是哪个练习：{name}:行号，或练习的名字。", f"Say which exercise: {name}:LINE, or its name."
        raise Trouble(zh=zh, en=en)
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
        raise Trouble(zh=zh, en=en)
    if not having:
        known = {n for lesson in among for n in lesson.names} | set(_lesson_names(workspace))
        zh, en = f"没有叫“{name}”的练习、天或课。", f"There is no exercise, day or lesson {name!r}."
        raise Trouble.told(say(zh=zh, en=en) + _meant(exercise, known))
    return (begun or having)[0], exercise


def exercise_at(workspace: Workspace, file: str, line: int) -> tuple[Lesson, str]:
    """The exercise that this line of a learner's (or a lesson's) file belongs to.

    A line of an exercise's cell is its; so is one of the text right above it; else the exercise above it is meant.
    """
    path = _found(workspace, file)
    lesson = _lesson_of_file(workspace, file)
    if path.name == lesson.answers.name and not lesson.started:
        raise lesson.not_begun()
    if not path.is_file():
        raise Trouble(zh=f"没有 {file} 这个文件。", en=f"There is no file {file}.")
    text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    total = text.count("\n") + 1
    if not 1 <= line <= total:
        zh, en = f"{file} 只有 {total} 行。", f"{file} has {total} lines only."
        raise Trouble(zh=zh, en=en)
    for name in lesson.names:
        first, end, how = place_of(text, lesson, name)
        if how != "appended" and first < line <= end:
            return lesson, name
    if found := _near(text, line, lesson.names):
        return lesson, found
    zh, en = f"{file}:{line} 上面和下面都没有练习。", f"There is no exercise around {file}:{line}."
    raise Trouble(zh=zh, en=en)


def _near(text: str, line: int, names: list[str]) -> str:
    """The exercise whose statement the line is in, else the one above the line, else the first."""
    lines = text.split("\n")
    above = [lines[i] for i in markers(text) if i < line]
    below = [lines[i] for i in markers(text) if i >= line]
    following = next((named_on(marker) for marker in below if "[markdown]" not in marker), "")
    if above and "[markdown]" in above[-1] and not OF_ABOVE.search(above[-1]) and following in names:
        return following
    found = [named_on(marker) for marker in [*above[::-1], *below]]
    return next((name for name in found if name in names), "")


def name_of(workspace: Workspace, lesson: Lesson, exercise: str) -> str:
    """What to call the exercise, so that no other is meant."""
    alone = sum(exercise in other.names for other in workspace.lessons) == 1
    return exercise if alone else f"{lesson.name}.{exercise}"


def days_of(workspace: Workspace) -> list[int]:
    """The days there are, in order; `Trouble` if there is no lesson at all."""
    workspace.check_lessons()
    return sorted({lesson.day for lesson in workspace.lessons})


def _is_path(name: str) -> bool:
    return name.endswith(".py") or bool(re.search(r"[\\/]", name))


def _found(workspace: Workspace, name: str) -> Path:
    """The file of that name, from the working directory, else from the workspace's root, as `--problems` prints it."""
    from_root = os.path.join(workspace.root, name)
    return Path(os.path.abspath(from_root if os.path.lexists(from_root) and not os.path.lexists(name) else name))


def _lesson_of_file(workspace: Workspace, name: str) -> Lesson:
    """The lesson in whose folder the file is, or whose answers.py is a link to it."""
    path = _found(workspace, name)
    real = {os.path.normcase(os.path.realpath(one)) for one in (path, path.parent)}
    for lesson in workspace.lessons:
        if real & {os.path.normcase(os.path.realpath(one)) for one in (lesson.folder, lesson.answers)}:
            return lesson
    zh = f"{name} 不属于任何一课：请给出某一课的 answers.py。"
    raise Trouble(zh=zh, en=f"{name} belongs to no lesson: name the answers.py of one.")


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
