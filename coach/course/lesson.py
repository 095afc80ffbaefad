"""A lesson: jupytext's percent format, cells in two languages, and one mark of ours, `# solution`."""

import errno
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from coach.course.percent import headings, language_of, named_on, parse, parsed, tags_of, view
from coach.words import LANGUAGES, Trouble, say

MOST = {"difficulty": 5, "importance": 5, "minutes": 180}


@dataclass(frozen=True)
class Exercise:
    """One thing to write."""

    name: str
    title: dict[str, str]
    difficulty: int
    importance: int
    minutes: int
    bonus: bool = False
    kind: str = "write"  # or "debug": the learner's file begins with code that is wrong
    hints: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One self-check question with its answer; `see` names the exercise that would mend a gap."""

    text: dict[str, str]
    answer: dict[str, str]
    see: str


@dataclass(frozen=True)
class Lesson:
    """A folder `part*/` with a `solutions.py`; the number is the day."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def day(self) -> int:
        number = re.match(r"part(\d+)", self.name)
        if not number:
            raise ValueError(f"{self.folder}: a lesson's folder is called part<day>_<subject>")
        return int(number[1])

    @cached_property
    def order(self) -> int:
        """Its place among the day's lessons: `order=2` on the first line, else 0."""
        with open(self.solutions, encoding="utf-8", errors="replace") as file:
            found = re.search(r"\border=(\d+)", file.readline())
        return int(found[1]) if found else 0

    @property
    def solutions(self) -> Path:
        return self.folder / "solutions.py"

    @property
    def answers(self) -> Path:
        return self.folder / "answers.py"

    def not_begun(self) -> Trouble:
        """Says how to begin it."""
        zh = f"{self.title['zh']} 还没有开始：先运行 coach start {self.day}"
        return Trouble(zh=zh, en=f"{self.title['en']} is not begun: run coach start {self.day} first")

    @property
    def started(self) -> bool:
        """Whether there is an answers.py; `Trouble` if something else stands in its way."""
        try:
            mode = self.answers.stat().st_mode
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ELOOP):
                raise
            if not self.answers.is_symlink():
                return False
            mode = stat.S_IFLNK  # to nothing, or in a circle
        if not stat.S_ISREG(mode):
            raise Trouble.told(_in_the_way(self.answers, mode))
        return True

    @cached_property
    def text(self) -> str:
        try:
            return self.solutions.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise self.faulty(zh="不是 UTF-8", en="it is not UTF-8") from None

    def faulty(self, *, zh: str, en: str) -> Trouble:
        """Says what is wrong in the lesson, which no learner can help; authors are told more by `coach lesson check`."""
        back = f"git restore {self.solutions.name}"
        zh = f"{self.solutions}：{zh}。在那个文件夹里运行 {back} 可以恢复它；如果还是这样，就是课程的错误：请报告，或运行 git pull。"
        en = f"{self.solutions}: {en}. Run {back} in that folder; if it stays so, it is a fault of the course: report it, or run git pull."
        return Trouble(zh=zh, en=en)

    @cached_property
    def names(self) -> list[str]:
        """The exercises' names in their order, without waiting for jupytext."""
        return [name for line in self.text.split("\n") if (name := named_on(line))]

    @cached_property
    def debugging(self) -> set[str]:
        """The exercises that begin with code that is wrong, instead of a stub."""
        return {name for line in self.text.split("\n") if (name := named_on(line)) and 'kind="debug"' in line}

    @cached_property
    def subject(self) -> str:
        """What follows `part<day>_` in the folder's name."""
        return self.name.partition("_")[2]

    @cached_property
    def cells(self) -> list[Any]:
        try:
            return parse(self.text).cells
        except Trouble as trouble:
            raise self.faulty(zh=str(trouble), en=str(trouble)) from None

    def check_whole(self) -> None:
        """`Trouble` where the file is empty, cut off, or holds what git left of a merge: no update may come of it."""
        if not self.names:
            raise self.faulty(zh="一个练习也没有", en="it has no exercise")
        if parsed(self.text) is None:
            raise self.faulty(
                zh="它不是 Python，可能被截断了，或留着 <<<<<<<", en="it is no Python: cut off, or with <<<<<<< in it"
            )
        if not self.text.endswith("\n"):
            raise self.faulty(zh="最后一行不完整，可能被截断了", en="its last line has no end: it may be cut off")

    def view(self, lang: str) -> str:
        _ = self.cells  # says what is wrong, if they can't be read
        return view(self.text, lang)

    @cached_property
    def title(self) -> dict[str, str]:
        """The first heading in each language; the folder's name, where there is none."""
        return {lang: next(self.headings(lang), self.name) for lang in LANGUAGES}

    def headings(self, lang: str) -> Iterator[str]:
        """The texts of all headings in that language, in their order."""
        for cell in self.cells:
            if language_of(cell) == lang:
                yield from (text for _, text in headings(cell.source))

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The exercises in their order; the heading above each is its title, the hints below it are its hints."""
        found, heading, texts = [], {}, {}
        for cell in self.cells:
            data = cell.metadata
            if "hint" in tags_of(cell) and found:
                found[-1].hints.setdefault(data.get("lang", "en"), []).append(cell.source)
            elif cell.cell_type == "markdown":
                heading = heading | _title(cell)
                texts = texts | {data.get("lang"): tags_of(cell)}
            elif name := data.get("exercise"):
                title = dict.fromkeys(LANGUAGES, name) | heading
                numbers: dict[str, Any] = {key: self._number(name, data, key) for key in MOST}
                bonus = "bonus" in tags_of(cell) | texts.get("en", set())
                found.append(Exercise(name, title, **numbers, bonus=bonus, kind=data.get("kind", "write")))  # type: ignore
        if odd := {*(one.name for one in found)} ^ {*self.names}:
            which = ", ".join(map(str, odd))
            raise self.faulty(
                zh=f"练习 {which} 的标记行读不出来", en=f"the marker of the exercise {which} can't be read"
            )
        return found

    def _number(self, exercise: str, data: Any, key: str) -> int:
        value = data.get(key)
        if type(value) is int and 1 <= value <= MOST[key]:
            return value
        zh = f"练习 {exercise} 的标记行缺少 {key}=<1 到 {MOST[key]} 的整数>"
        raise self.faulty(
            zh=zh, en=f"the marker of the exercise {exercise} lacks {key}=<a number from 1 to {MOST[key]}>"
        )

    def exercise(self, name: str) -> Exercise:
        return next(exercise for exercise in self.exercises if exercise.name == name)

    @cached_property
    def questions(self) -> list[Question]:
        """The self-check questions in their order."""
        found: list[Question] = []
        for cell in self.cells:
            lang, tags = cell.metadata.get("lang", "en"), tags_of(cell)
            if "question" in tags and (lang == "zh" or not found):
                found.append(Question({}, {}, str(cell.metadata.get("see", ""))))
            if "question" in tags:
                found[-1].text[lang] = cell.source
            elif "answer" in tags and found:
                found[-1].answer[lang] = cell.source
        for question in found:
            if not set(question.text) == set(question.answer) == set(LANGUAGES):
                begins = next(iter(question.text.values()))[:40]
                zh, en = f"自测题“{begins}”不成套", f"the question “{begins}” lacks a language or its answer"
                raise self.faulty(zh=zh, en=en)
        return found


def _in_the_way(path: Path, mode: int) -> str:
    """What stands where the learner's file should, and what to do about it."""
    zh, en = "不是普通的文件", "is no ordinary file"
    if stat.S_ISDIR(mode):
        zh, en = "是一个文件夹", "is a folder"
    if stat.S_ISLNK(mode):
        zh, en = "是一个断掉的链接", "is a link that leads nowhere"
    return say(
        zh=f"{path} {zh}，没有动它：把它移走或改名，然后再试一次。",
        en=f"{path} {en}, and was left alone: move it away or rename it, then try again.",
    )


def _title(cell: Any) -> dict[str, str]:
    """The middle of the last heading `### Exercise · title · 15 min`, keyed by language."""
    found = headings(cell.source)
    if not found:
        return {}
    parts = found[-1][1].split(" · ")
    return {cell.metadata.get("lang", "en"): parts[1] if len(parts) > 2 else parts[0]}
