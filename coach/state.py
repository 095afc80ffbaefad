"""What `coach` remembers beside the learner's files: choices, shown hints, marks of self-checks. Never a claim of progress."""

import errno
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORM: dict[str, type] = {"lang": str, "hints": dict, "questions": dict}


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside, then renames: a reader sees the old file or the new one, never half of either.

    Keeps the permissions of what it replaces, and follows a link to it.
    """
    path = Path(os.path.realpath(path))
    temporary = _beside(path, data)
    try:
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def create(path: Path, data: bytes) -> None:
    """Like `write_atomically`, but FileExistsError where `path` is there already, whoever made it and when."""
    temporary = _beside(path, data)
    try:
        if os.name == "nt":
            os.rename(temporary, path)  # refuses to replace, on Windows
        else:
            os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: better a small race than half a file
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _beside(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
    except OSError:  # the disk is full, say
        os.unlink(name)
        raise
    return Path(name)


@dataclass
class State:
    """A small JSON file. One that can't be read is set aside, reported in `mended`, and begun anew."""

    path: Path
    mended: Path | None = field(default=None, init=False)
    _data: dict[str, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except UnicodeDecodeError:
            return self._set_aside()
        try:
            data = json.loads(text)
        except json.JSONDecodeError:
            return self._set_aside()
        if not isinstance(data, dict) or any(not isinstance(data.get(key, kind()), kind) for key, kind in FORM.items()):
            return self._set_aside()
        self._data = data

    def _set_aside(self) -> None:
        number = 1
        while (aside := self.path.with_name(f"state.broken-{number}.json")).exists():
            number += 1
        os.replace(self.path, aside)
        self.mended = aside

    def _save(self) -> None:
        text = json.dumps(self._data, ensure_ascii=False, indent=1, sort_keys=True)
        write_atomically(self.path, text.encode("utf-8"))

    @property
    def lang(self) -> str:
        return self._data.get("lang", "")

    @lang.setter
    def lang(self, lang: str) -> None:
        self._data["lang"] = lang
        self._save()

    def hints_shown(self, exercise: str) -> int:
        shown = self._data.get("hints", {}).get(exercise, 0)
        return shown if isinstance(shown, int) else 0

    def show_hints(self, exercise: str, number: int) -> None:
        self._data.setdefault("hints", {})[exercise] = number
        self._save()

    def mark(self, question: str) -> str:
        """How the learner marked their own answer: "yes", "partly", "no" or "" """
        return str(self._data.get("questions", {}).get(question, ""))

    def set_mark(self, question: str, mark: str) -> None:
        self._data.setdefault("questions", {})[question] = mark
        self._save()
