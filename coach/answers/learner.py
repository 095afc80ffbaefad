"""The learner's own file: begun, brought up to date, reset and restored, and never lost."""

import codecs
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from coach.answers import bases, snapshots
from coach.answers.merge import Skipped, merged, newline_of, no_git
from coach.course.lesson import Lesson
from coach.course.percent import cell_span, spoken_in, trimmed
from coach.course.place import before_calls, place_of
from coach.course.workspace import Workspace
from coach.files import create, write_atomically
from coach.words import Trouble, language, say


@dataclass(frozen=True)
class Updated:
    """What an update did. `base` is where the merge's base was found, see `bases.Base`."""

    changed: bool
    base: str
    skipped: list[Skipped]
    kept: Path | None = None


@dataclass(frozen=True)
class Reset:
    """Where a stub now stands; `how` is "cell", "definition" (its marker was gone) or "appended" (all of it was).

    `kept` is the file as it was; None if it was so already.
    """

    line: int
    how: str
    kept: Path | None


@dataclass(frozen=True)
class Undone:
    """`before` says which change was undone; what stood there until now is in `kept` (None if there was no file)."""

    lesson: Lesson
    before: str
    kept: Path | None


def start(workspace: Workspace, lesson: Lesson, lang: str) -> bool:
    """Makes the lesson's answers.py whole or not at all, and never over one that is there; whether it was made."""
    if lesson.answers.exists():
        return False
    text = lesson.view(lang)
    bases.store(workspace, lesson, lang, text)  # first: an update must find it, however soon this process ends
    try:
        create(lesson.answers, text.encode("utf-8"))
    except FileExistsError:
        return False
    return True


def update(workspace: Workspace, lesson: Lesson) -> Updated:
    """Brings what is new in the lesson into the learner's file by a three-way merge; the learner's text wins.

    Raises `Trouble` where git is missing or the file can't be read, and has then touched nothing.
    """
    data, text = _read(lesson)
    if not shutil.which("git"):
        raise Trouble.told(no_git())
    lang = spoken_in(text) or language()
    base, theirs = bases.find(workspace, lesson, lang, text), lesson.view(lang)
    result = merged(text, base.text, theirs)
    changed = result.text != text
    kept = _replace(workspace, lesson, "update", data, result.text) if changed else None
    bases.store(workspace, lesson, lang, theirs)  # last: cut off before this, the same update can run again
    return Updated(changed, base.found, result.skipped, kept)


def reset(workspace: Workspace, lesson: Lesson, exercise: str) -> Reset:
    """Puts the exercise's stub back, after a snapshot; nothing else in the file changes, even if it doesn't parse."""
    data, text = _read(lesson)
    stub = cell(lesson.view(spoken_in(text) or language()), exercise)
    first, end, how = place_of(text, lesson, exercise)
    if how == "definition":
        stub = before_calls(stub)
    elif how == "appended":
        stub = ["", *stub]
    new = _with_lines(text, first, end, stub)
    kept = _replace(workspace, lesson, "reset", data, new) if new != text else None
    return Reset(first + 1 + (how == "appended"), how, kept)


def _with_lines(text: str, first: int, end: int, new: list[str]) -> str:
    """`text` with `new` for its lines [first, end); all others as they are, and newlines like theirs."""
    lines, newline = re.findall(r"[^\n]*\n|[^\n]+", text), newline_of(text)
    if first == end == len(lines) and lines and not lines[-1].endswith("\n"):
        lines[-1] += newline
    unended = end > first and not lines[end - 1].endswith("\n")
    lines[first:end] = [line + newline for line in new]
    return "".join(lines).removesuffix(newline) if unended else "".join(lines)


def undo(workspace: Workspace, lesson: Lesson | None = None) -> Undone:
    """Restores the last snapshot byte for byte, of the lesson changed last if none is named; again: further back."""
    while snapshot := snapshots.last(workspace, lesson):
        of = next((x for x in workspace.lessons if x.name == snapshot.path.parent.name), None)
        if of is None:
            raise Trouble.told(_lesson_is_gone(workspace, snapshot.path))
        now, then = of.answers.read_bytes() if of.answers.exists() else None, snapshot.path.read_bytes()
        kept = snapshots.take(workspace, of, snapshots.UNDONE, now) if now not in (None, then) else None
        if now != then:
            _write(of.answers, then)
        snapshot.path.unlink()
        if now != then:  # else it is restored already, and an undo that changes nothing is none
            return Undone(of, snapshot.before, kept)
    raise Trouble(zh="没有可以撤销的改动。", en="There is nothing to undo.")


def cell(text: str, exercise: str) -> list[str]:
    """The lines of the exercise's cell in a lesson or a view, without the blank ones after it."""
    span = cell_span(text, exercise)
    if span is None:
        raise Trouble(zh=f"这一课里没有练习 {exercise}。", en=f"There is no exercise {exercise} in this lesson.")
    return trimmed(text.split("\n")[slice(*span)])


def learners_cell(lesson: Lesson, exercise: str) -> list[str]:
    """The lines of the exercise's cell, or of its definition, in the learner's file; none if neither is there."""
    text = read(lesson).replace("\r\n", "\n")
    first, end, _ = place_of(text, lesson, exercise)
    return text.split("\n")[first:end]


def line_of(lesson: Lesson, exercise: str) -> int:
    """The line of the exercise in the learner's file; 1 if it is nowhere."""
    first, end, _ = place_of(read(lesson), lesson, exercise)
    return first + 1 if first < end else 1


def read(lesson: Lesson) -> str:
    """The learner's text, newlines as they are, without a byte order mark."""
    return _read(lesson)[1]


def _read(lesson: Lesson) -> tuple[bytes, str]:
    if not lesson.started:
        raise lesson.not_begun()
    data = lesson.answers.read_bytes()
    try:
        return data, data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise Trouble.told(_not_utf8(lesson.answers)) from None


def _not_utf8(path: Path) -> str:
    return say(
        zh=f"{path} 不是 UTF-8 编码，没有动它。在 VS Code 右下角点编码名，先选“通过编码重新打开”→ GBK，"
        "再选“通过编码保存”→ UTF-8，然后再试一次。",
        en=f"{path} is not in UTF-8, and was left alone. In VS Code click the encoding at the lower right: first "
        "Reopen with Encoding, the one it was saved in (GBK, say), then Save with Encoding, UTF-8; then try again.",
    )


def _replace(workspace: Workspace, lesson: Lesson, why: str, old: bytes, text: str) -> Path:
    """Writes `text` for `old`, which is kept as a snapshot."""
    _check_writable(lesson.answers)
    kept = snapshots.take(workspace, lesson, why, old)
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    if lesson.answers.read_bytes() != old:
        zh, en = f"{lesson.answers} 刚刚又被保存过：再试一次。", f"{lesson.answers} was saved this moment: try again."
        raise Trouble(zh=zh, en=en)
    _write(lesson.answers, mark + text.encode("utf-8"))
    return kept


def _write(path: Path, data: bytes) -> None:
    _check_writable(path)
    write_atomically(path, data)


def _check_writable(path: Path) -> None:
    """A rename would replace a read-only file without asking."""
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        zh = f"{path} 是只读的，没有动它。去掉只读属性后再试一次。"
        raise Trouble(zh=zh, en=f"{path} is read-only, and was left alone. Make it writable and try again.")


def _lesson_is_gone(workspace: Workspace, snapshot: Path) -> str:
    shown = workspace.shown(snapshot)
    zh = f"最后一个快照 {shown} 所属的课已经不在了：自己从那里复制。"
    return say(zh=zh, en=f"The last snapshot, {shown}, is of a lesson that is gone: copy from it yourself.")
