"""What `coach` remembers beside the learner's files: choices, shown hints, marks of self-checks. Never a claim of progress."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coach.files import write_atomically

FORM: dict[str, type] = {"lang": str, "hints": dict, "questions": dict}


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
