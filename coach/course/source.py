"""The rows of the page that the course follows, and where each is taught: looked up in the lessons, never written twice."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.course.lesson import Lesson
from coach.course.percent import language_of
from coach.words import LANGUAGES, Trouble

MARKS = ("★", "☆", "")  # essential, optional, not said


@dataclass(frozen=True)
class Row:
    """One row: what it is called, and what teaches it.

    `exercises` are names (`lesson.name` where several lessons have it), `headings` are English ones, `reading` is a title
    that a lesson names. `waits` says that part of this is not written yet.
    """

    topic: dict[str, str]
    said: dict[str, str]
    mark: str
    exercises: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    reading: str = ""
    waits: bool = False


@dataclass(frozen=True)
class Home:
    """A place in a lesson: an exercise, or a heading; neither where the lesson as a whole names a reading."""

    lesson: Lesson
    exercise: str = ""
    heading: dict[str, str] | None = None

    def title(self, lang: str) -> str:
        if self.exercise:
            return self.lesson.exercise(self.exercise).title[lang]
        return self.heading[lang] if self.heading else ""


def rows_of(path: Path) -> list[Row]:
    """The rows in a chapter's source.toml; `Trouble` if it can't be read, or if a row lacks something."""
    try:
        topics = tomllib.loads(path.read_text(encoding="utf-8"))["topic"]
        return [_row(topic, row) for topic in topics for row in topic["row"]]
    except FileNotFoundError:
        raise Trouble(zh=f"没有 {path}。", en=f"There is no {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise Trouble(zh=f"{path} 读不出来：{error}", en=f"{path} can't be read: {error}") from None


def _row(topic: dict[str, Any], row: dict[str, Any]) -> Row:
    if odd := row.keys() - {"zh", "en", "mark", "exercises", "headings", "reading", "waits"}:
        raise ValueError(f"{row['en']}: {', '.join(sorted(odd))}")
    if row.get("mark", "") not in MARKS:
        raise ValueError(f"{row['en']}: {row['mark']}")
    return Row(
        {lang: topic[lang] for lang in LANGUAGES},
        {lang: row[lang] for lang in LANGUAGES},
        row.get("mark", ""),
        tuple(row.get("exercises", ())),
        tuple(row.get("headings", ())),
        row.get("reading", ""),
        row.get("waits", False),
    )


def homes(row: Row, lessons: Sequence[Lesson]) -> tuple[list[Home], list[str]]:
    """Where the row is taught, in its own order; and what of it stands in no lesson, or in several."""
    found, missing = [], []
    wanted = [
        *(_exercise(name, lessons) for name in row.exercises),
        *(_heading(text, lessons) for text in row.headings),
    ]
    if row.reading:
        wanted.append((row.reading, _reading(row.reading, lessons)[:1]))
    for name, places in wanted:
        if len(places) == 1:
            found += places
        else:
            missing.append(f"{name} ({', '.join(home.lesson.name for home in places) or '—'})")
    return found, missing


def _exercise(name: str, lessons: Sequence[Lesson]) -> tuple[str, list[Home]]:
    of, _, exercise = name.rpartition(".")
    return name, [Home(lesson, exercise) for lesson in lessons if exercise in lesson.names and of in ("", lesson.name)]


def _heading(text: str, lessons: Sequence[Lesson]) -> tuple[str, list[Home]]:
    places = []
    for lesson in lessons:
        both = zip(lesson.headings("zh"), lesson.headings("en"), strict=False)  # a rule holds them together
        places += [Home(lesson, heading={"zh": zh, "en": en}) for zh, en in both if en == text]
    return text, places


def _reading(title: str, lessons: Sequence[Lesson]) -> list[Home]:
    """The lessons that name it in both languages."""
    return [Home(lesson) for lesson in lessons if _names(lesson, title)]


def _names(lesson: Lesson, title: str) -> bool:
    said = {language_of(cell) for cell in lesson.cells if title in " ".join(cell.source.split()).replace("`", "")}
    return said >= set(LANGUAGES)
