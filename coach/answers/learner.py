"""The learner's own file: begun, brought up to date, reset and restored, and never lost."""

import codecs
import os
import shutil
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coach.answers import bases, snapshots
from coach.answers.leftovers import at_work
from coach.answers.merge import no_git
from coach.answers.snapshots import Replaced
from coach.answers.stub import PutBack, put_back
from coach.answers.translate import translated
from coach.answers.update import Merged, Skipped, update_of
from coach.course.lesson import Lesson
from coach.course.percent import cell_span, spoken_in, trimmed
from coach.course.place import place_of
from coach.course.workspace import Workspace
from coach.files import beside, create, held, hold, put
from coach.words import Trouble, language, say


@dataclass(frozen=True)
class Updated:
    """What an update did. `base` is where the merge's base was found, see `bases.Base`; `saved`, see `snapshots.Replaced`."""

    changed: bool
    base: str
    merged: Merged
    kept: Path | None = None
    saved: Path | None = None

    @property
    def skipped(self) -> list[Skipped]:
        return self.merged.skipped


@dataclass(frozen=True)
class Reset:
    """What was put back, and the file as it was; `kept` is None if it was so already."""

    stub: PutBack
    kept: Path | None = None
    saved: Path | None = None


@dataclass(frozen=True)
class Undone:
    """`before` says which change was undone; what stood there until now is in `kept` (None if there was no file)."""

    lesson: Lesson
    before: str
    kept: Path | None


def start(workspace: Workspace, lesson: Lesson, lang: str) -> bool:
    """Makes the lesson's answers.py whole or not at all, and never over one that is there; whether it was made."""
    if lesson.started:
        return False
    text = lesson.view(lang)
    with at_work(workspace):
        if lesson.started:
            return False
        bases.store(workspace, lesson, lang, text)  # first: an update must find it, however soon this process ends
        try:
            create(lesson.answers, text.encode("utf-8"))
        except FileExistsError:
            return False
    return True


def update(workspace: Workspace, lesson: Lesson, lang: str = "") -> Updated:
    """Brings what is new in the lesson into the learner's file, cell by cell; the learner's text wins.

    With `lang` its prose is in that language afterwards, all but what the learner changed.
    Raises `Trouble` where git fails, or the file or the lesson can't be read, and has then touched nothing.
    """
    with at_work(workspace):
        data, text = _read(lesson)
        if not shutil.which("git"):
            raise Trouble.told(no_git())
        lesson.check_whole()
        spoken = spoken_in(text) or bases.kept_language(workspace, lesson) or language()
        base, theirs = bases.find(workspace, lesson, spoken, text), lesson.view(spoken)
        result = update_of(text, base.text, theirs)
        if lang and lang != spoken:
            result = replace(result, text=translated(result.text, theirs, lesson.view(lang)))
            theirs = lesson.view(lang)
        changed, why = result.text != text, "language" if lang else "update"
        of = {"base": bases.kept(workspace, lesson), "base_after": bases.noted(lang or spoken, theirs)}
        done = _replace(workspace, lesson, why, data, result.text, **of) if changed else None
        bases.store(workspace, lesson, lang or spoken, theirs)  # cut off before this, the next command does it
    return Updated(changed, base.found, result, *((done.kept, done.saved) if done else ()))


def reset(workspace: Workspace, lesson: Lesson, exercise: str) -> Reset:
    """Puts the exercise's stub back, after a snapshot; nothing else in the file changes, even if it doesn't parse."""
    with at_work(workspace):
        data, text = _read(lesson)
        stub = cell(lesson.view(spoken_in(text) or language()), exercise)
        result = put_back(text, lesson, exercise, stub)
        if result.text == text:
            return Reset(result)
        done = _replace(workspace, lesson, "reset", data, result.text)
    return Reset(result, done.kept, done.saved)


def undo(workspace: Workspace, lesson: Lesson | None = None) -> Undone:
    """Restores the last snapshot byte for byte, of the lesson changed last if none is named; again: further back.

    With an update its base is taken back, too: the same update can come in again.
    """
    with at_work(workspace):
        snapshot = snapshots.last(workspace, lesson)
        if snapshot is None:
            raise Trouble(zh="没有可以撤销的改动。", en="There is nothing to undo.")
        of = next((x for x in workspace.lessons if x.name == snapshot.path.parent.name), None)
        if of is None:
            raise Trouble.told(_lesson_is_gone(workspace, snapshot.path))
        kept = _restore(workspace, of, snapshot.path.read_bytes())
        if "base" in snapshot.note:
            bases.put_back(workspace, of, snapshot.note["base"])
        snapshot.drop()  # last: cut off before this, the same undo runs again and finds all restored
    return Undone(of, snapshot.before, kept)


def _restore(workspace: Workspace, lesson: Lesson, then: bytes) -> Path | None:
    """Makes the learner's file what it was; where what stood there until now is kept, None if it was so already."""
    if not lesson.started:
        create(lesson.answers, then)
        return None
    now = lesson.answers.read_bytes()
    if now == then:
        return None
    _check_writable(lesson.answers)
    kept = snapshots.take(workspace, lesson, snapshots.UNDONE, now)
    target = Path(os.path.realpath(lesson.answers))
    temporary = beside(target, then)
    try:
        hold(target, temporary)
        put(temporary, target)
        if held(temporary).exists() and (replaced := held(temporary).read_bytes()) != now:
            kept = snapshots.take(workspace, lesson, snapshots.UNDONE, replaced)  # an editor saved in that very moment
    finally:
        temporary.unlink(missing_ok=True)
        held(temporary).unlink(missing_ok=True)
    return kept


def cell(text: str, exercise: str) -> list[str]:
    """The lines of the exercise's cell in a lesson or a view, without the blank ones after it."""
    span = cell_span(text, exercise)
    if span is None:
        raise Trouble(zh=f"这一课里没有练习 {exercise}。", en=f"There is no exercise {exercise} in this lesson.")
    return trimmed(text.split("\n")[slice(*span)])


def learners_cell(lesson: Lesson, exercise: str) -> list[str]:
    """The lines of the exercise's cell, or of its definition, in the learner's file; none if neither is there."""
    text = seen(lesson)
    first, end, _ = place_of(text, lesson, exercise)
    return text.split("\n")[first:end]


def line_of(lesson: Lesson, exercise: str) -> int:
    """The line of the exercise in the learner's file; 1 if it is nowhere."""
    first, end, _ = place_of(seen(lesson), lesson, exercise)
    return first + 1 if first < end else 1


def read(lesson: Lesson) -> str:
    """The learner's text, newlines as they are, without a byte order mark."""
    return _read(lesson)[1]


def seen(lesson: Lesson) -> str:
    """Like `read`, in whatever encoding and with `\\n` for every end of line: for a look, which is written nowhere."""
    text = _bytes(lesson).decode("utf-8", "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read(lesson: Lesson) -> tuple[bytes, str]:
    data = _bytes(lesson)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise Trouble.told(_not_utf8(lesson.answers)) from None
    if text.count("\r") - text.count("\r\n") > text.count("\n"):
        zh = f"{lesson.answers} 的行末是单独的 CR，没有动它。在 VS Code 右下角点 LF/CRLF，选 LF，保存，再试一次。"
        en = f"The lines of {lesson.answers} end in a lone CR, and it was left alone. In VS Code click LF/CRLF at the lower right, choose LF, save, and try again."
        raise Trouble(zh=zh, en=en)
    return data, text


def _bytes(lesson: Lesson) -> bytes:
    if not lesson.started:
        raise lesson.not_begun()
    return lesson.answers.read_bytes()


def _not_utf8(path: Path) -> str:
    return say(
        zh=f"{path} 不是 UTF-8 编码，没有动它。在 VS Code 右下角点编码名，先选“通过编码重新打开”→ GBK，"
        "再选“通过编码保存”→ UTF-8，然后再试一次。",
        en=f"{path} is not in UTF-8, and was left alone. In VS Code click the encoding at the lower right: first "
        "Reopen with Encoding, the one it was saved in (GBK, say), then Save with Encoding, UTF-8; then try again.",
    )


def _replace(workspace: Workspace, lesson: Lesson, why: str, old: bytes, text: str, **note: Any) -> Replaced:
    """Writes `text` for `old`, which is kept as a snapshot."""
    _check_writable(lesson.answers)
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    return snapshots.replace(workspace, lesson, why, old, mark + text.encode("utf-8"), **note)


def _check_writable(path: Path) -> None:
    """A rename would replace a read-only file without asking."""
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        zh = f"{path} 是只读的，没有动它。去掉只读属性后再试一次。"
        raise Trouble(zh=zh, en=f"{path} is read-only, and was left alone. Make it writable and try again.")


def _lesson_is_gone(workspace: Workspace, snapshot: Path) -> str:
    shown = workspace.shown(snapshot)
    zh = f"最后一个快照 {shown} 所属的课已经不在了：自己从那里复制。"
    return say(zh=zh, en=f"The last snapshot, {shown}, is of a lesson that is gone: copy from it yourself.")
