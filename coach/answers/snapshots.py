"""Copies of a learner's file from before `coach` changed it, byte for byte; none is ever overwritten.

A snapshot counts only once the change has come about: until then it is called `….py.pending`, and beside it stands a note
that names the temporary file. As long as that is there, the change has not come about: the rename is the change.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.files import beside, create, held, hold, put
from coach.words import Trouble

NAME = re.compile(r"(\d+)-(\w+)\.py(\.pending)?")
UNDONE = "undone"  # what an undo replaced: kept, but not gone back to


@dataclass(frozen=True, order=True)
class Snapshot:
    """`number` counts over all lessons, so that the newest is known without a clock; `before` says what came next."""

    number: int
    before: str
    path: Path

    @property
    def note(self) -> dict[str, Any]:
        """What is noted of the change; nothing where the note is gone or damaged."""
        return _read(_note_of(self.path))

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        _note_of(self.path).unlink(missing_ok=True)


@dataclass(frozen=True)
class Replaced:
    """`kept` is the file as it was; `saved`, what an editor saved in the very moment before it was replaced, if one did."""

    kept: Path
    saved: Path | None


def take(workspace: Workspace, lesson: Lesson, before: str, data: bytes, note: dict[str, Any] | None = None) -> Path:
    """Keeps `data`, and says where."""
    return _take(workspace, lesson.name, before, data, note or {}, "")


def _take(workspace: Workspace, lesson: str, before: str, data: bytes, note: dict[str, Any], ending: str) -> Path:
    number = max((s.number for s in _all(workspace, "*")), default=0)
    while True:
        number += 1
        path = _folder(workspace) / lesson / f"{number:04}-{before}.py"
        if os.path.lexists(path) or os.path.lexists(f"{path}.pending"):
            continue  # another `coach` took that number
        path = path.with_name(path.name + ending)
        if note:
            create(_note_of(path), json.dumps(note).encode("utf-8"))
        try:
            create(path, data)
            return path
        except BaseException as error:
            _note_of(path).unlink(missing_ok=True)
            if not isinstance(error, FileExistsError):
                raise


def replace(workspace: Workspace, lesson: Lesson, before: str, old: bytes, new: bytes, **note: Any) -> Replaced:
    """Puts `new` in the place of `old`, of which a snapshot is kept if that comes about, and none if it doesn't."""
    target = Path(os.path.realpath(lesson.answers))
    temporary = beside(target, new)
    pending = None
    try:
        pending = _take(workspace, lesson.name, before, old, note | {"temporary": str(temporary)}, ".pending")
        if target.read_bytes() != old:
            zh, en = (
                f"{lesson.answers} 刚刚又被保存过：再试一次。",
                f"{lesson.answers} was saved this moment: try again.",
            )
            raise Trouble(zh=zh, en=en)
        hold(target, temporary)
        put(temporary, target)
    finally:
        done = settle(workspace, pending) if pending else None
        temporary.unlink(missing_ok=True)
    assert done
    return done


def settle(workspace: Workspace, pending: Path) -> Replaced | None:
    """Makes a pending snapshot one that counts, or none, whichever is true: see above."""
    of = snapshot(pending)
    note = of.note
    temporary = Path(note.get("temporary", pending.with_name("gone")))
    if temporary.exists():
        temporary.unlink()
        held(temporary).unlink(missing_ok=True)
        return of.drop()
    kept = pending.with_name(pending.name.removesuffix(".pending"))
    os.replace(pending, kept)
    saved = None
    if held(temporary).exists():
        replaced = held(temporary).read_bytes()
        if replaced != kept.read_bytes():
            saved = _take(workspace, pending.parent.name, of.before, replaced, note, "")
        held(temporary).unlink()
    return Replaced(kept, saved)


def pending(workspace: Workspace) -> list[Path]:
    """The snapshots of changes that were cut off."""
    return sorted(_folder(workspace).glob("*/*.py.pending"))


def stray_notes(workspace: Workspace) -> list[Path]:
    """Notes whose snapshot was never written."""
    notes = _folder(workspace).glob("*/*.json")
    return [note for note in notes if not any(note.parent.glob(f"{note.stem}.py*"))]


def last(workspace: Workspace, lesson: Lesson | None = None) -> Snapshot | None:
    """What `undo` goes back to: the newest snapshot, of one lesson or of all."""
    found = (s for s in _all(workspace, lesson.name if lesson else "*") if s.before != UNDONE)
    return max((s for s in found if s.path.suffix == ".py"), default=None)


def _folder(workspace: Workspace) -> Path:
    return workspace.memory / "snapshots"


def _note_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".pending").removesuffix(".py") + ".json")


def _read(note: Path) -> dict[str, Any]:
    try:
        data = json.loads(note.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    data = data if isinstance(data, dict) else {}
    kept = {key: data[key] for key in ("base", "base_after", "temporary") if isinstance(data.get(key), str)}
    if not kept.get("temporary", ".tmp").endswith(".tmp"):  # no file of ours
        del kept["temporary"]
    return kept | ({"base": None} if data.get("base", "") is None else {})


def snapshot(path: Path) -> Snapshot:
    named = NAME.fullmatch(path.name)
    assert named
    return Snapshot(int(named[1]), named[2], path)


def _all(workspace: Workspace, lesson: str) -> list[Snapshot]:
    paths = _folder(workspace).glob(f"{lesson}/*")
    return [snapshot(path) for path in paths if NAME.fullmatch(path.name)]
