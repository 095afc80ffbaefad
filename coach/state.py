"""What `coach` remembers beside the learner's files: choices, shown hints, marks of self-checks. Never a claim of progress."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coach.files import alone, write_atomically

FORM: dict[str, type] = {"lang": str, "hints": dict, "questions": dict}


@dataclass
class State:
    """A small JSON file. One that can't be read is set aside, reported in `mended`, and begun anew."""

    path: Path
    mended: Path | None = field(default=None, init=False)
    _data: dict[str, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        data = stored(self.path)
        if data is None:
            return self._set_aside()
        self._data = data

    def _set_aside(self) -> None:
        number = 1
        while (aside := self.path.with_name(f"state.broken-{number}.json")).exists():
            number += 1
        os.replace(self.path, aside)
        self.mended = aside

    def _change(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Makes `change` in what is stored by now: another `coach` may have stored something meanwhile."""
        with alone(self.path.parent):
            self._data = stored(self.path) or self._data
            change(self._data)
            write_atomically(self.path, _written(self._data))

    @property
    def lang(self) -> str:
        return self._data.get("lang", "")

    @lang.setter
    def lang(self, lang: str) -> None:
        self._change(lambda data: data.update(lang=lang))

    def hints_shown(self, exercise: str) -> int:
        shown = self._data.get("hints", {}).get(exercise, 0)
        return max(shown, 0) if isinstance(shown, int) else 0

    def show_hints(self, exercise: str, number: int) -> None:
        self._change(lambda data: data.setdefault("hints", {}).update({exercise: number}))

    def mark(self, question: str) -> str:
        """How the learner marked their own answer: "yes", "partly", "no" or "" """
        return str(self._data.get("questions", {}).get(question, ""))

    def set_mark(self, question: str, mark: str) -> None:
        self._change(lambda data: data.setdefault("questions", {}).update({question: mark}))


def stored(path: Path) -> dict[str, Any] | None:
    """What the file holds, nothing where nothing is; None if it can't be read, or couldn't be written again."""
    if not os.path.lexists(path):
        return {}
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        _written(data)
    except (ValueError, RecursionError):  # ValueError: no UTF-8, no JSON, a number of too many digits
        return None
    sound = isinstance(data, dict) and all(isinstance(data.get(key, kind()), kind) for key, kind in FORM.items())
    return data if sound else None


def _written(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8")
