"""Copies of a learner's file from before `coach` changed it, byte for byte; none is ever overwritten."""

import re
from dataclasses import dataclass
from pathlib import Path

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.files import create

NAME = re.compile(r"(\d+)-(\w+)\.py")


UNDONE = "undone"  # what an undo replaced: kept, but not gone back to


@dataclass(frozen=True, order=True)
class Snapshot:
    """`number` counts over all lessons, so that the newest is known without a clock; `before` says what came next."""

    number: int
    before: str
    path: Path


def take(workspace: Workspace, lesson: Lesson, before: str, data: bytes) -> Path:
    """Keeps `data`, and says where."""
    number = max((s.number for s in _all(workspace, "*")), default=0)
    while True:
        number += 1
        path = workspace.memory / "snapshots" / lesson.name / f"{number:04}-{before}.py"
        try:
            create(path, data)
            return path
        except FileExistsError:  # another `coach` took that number
            continue


def last(workspace: Workspace, lesson: Lesson | None = None) -> Snapshot | None:
    """What `undo` goes back to: the newest snapshot, of one lesson or of all."""
    return max((s for s in _all(workspace, lesson.name if lesson else "*") if s.before != UNDONE), default=None)


def _all(workspace: Workspace, lesson: str) -> list[Snapshot]:
    paths = (workspace.memory / "snapshots").glob(f"{lesson}/*.py")
    return [Snapshot(int(m[1]), m[2], path) for path in paths if (m := NAME.fullmatch(path.name))]
