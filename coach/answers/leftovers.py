"""What commands that were killed left behind: changes half done are settled, temporary files removed."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from coach.answers import snapshots
from coach.course.workspace import Workspace
from coach.files import alone
from coach.words import Trouble

BESIDE_ANSWERS = re.compile(r"\.answers\.(?:py|ipynb)\.[a-z0-9_]{8}\.tmp(?:\.old)?")
IN_MEMORY = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp")


@contextlib.contextmanager
def at_work(workspace: Workspace) -> Iterator[None]:
    """While it lasts no other `coach` writes, and nothing is half done."""
    with alone(workspace.memory):
        _clear(workspace)
        yield


def clear(workspace: Workspace) -> None:
    """Settles and removes what is left behind; leaves it to a command that is at work, if one is."""
    if snapshots.pending(workspace) or next(_temporary(workspace), None):
        with contextlib.suppress(Trouble, OSError), alone(workspace.memory, wait=0):
            _clear(workspace)


def _clear(workspace: Workspace) -> None:
    """Whoever writes has the lock, and the lock is ours: no temporary file is in use."""
    for path in snapshots.pending(workspace):
        _settle(workspace, path)
    for note in snapshots.stray_notes(workspace):
        note.unlink()
    for path in list(_temporary(workspace)):
        if path.suffix == ".old" and path.stat().st_nlink == 1:  # replaced, and perhaps the only copy
            lesson = next(lesson for lesson in workspace.lessons if lesson.folder == path.parent)
            snapshots.take(workspace, lesson, snapshots.UNDONE, path.read_bytes())
        path.unlink()


def _settle(workspace: Workspace, pending: Path) -> None:
    """Ends a change that was cut off; an update that has come about gets its base, too."""
    from coach.answers import bases  # not at the top: every command comes here, few get this far

    base = snapshots.snapshot(pending).note.get("base_after")
    lesson = next((lesson for lesson in workspace.lessons if lesson.name == pending.parent.name), None)
    if snapshots.settle(workspace, pending) and base and lesson:
        bases.put_back(workspace, lesson, base)


def _temporary(workspace: Workspace) -> Iterator[Path]:
    """Our temporary files, by name."""
    for lesson in workspace.lessons:
        yield from (path for path in lesson.folder.glob(".answers.*") if BESIDE_ANSWERS.fullmatch(path.name))
    for path in workspace.memory.rglob(".*.tmp"):
        if IN_MEMORY.fullmatch(path.name):
            yield path
