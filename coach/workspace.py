"""Where things are: the workspace, its lessons, and what `coach` remembers of a learner."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coach.lesson import Lesson
from coach.state import State

CHAPTERS = "chapter*/exercises/part*/solutions.py"


@dataclass(frozen=True)
class Workspace:
    """One checkout of the course."""

    root: Path

    @classmethod
    def here(cls) -> "Workspace":
        """The checkout around the working directory, else the one that `coach` is installed from."""
        for folder in (Path.cwd(), *Path.cwd().parents):
            if (folder / "pyproject.toml").is_file() and next(folder.glob(CHAPTERS), None):
                return cls(folder)
        return cls(Path(__file__).resolve().parents[1])

    @cached_property
    def lessons(self) -> list[Lesson]:
        """Every lesson, in the order of the days."""
        return sorted(
            (Lesson(path.parent) for path in self.root.glob(CHAPTERS)), key=lambda x: (x.day, x.order, x.name)
        )

    @cached_property
    def state(self) -> State:
        return State(self.memory / "state.json")

    @property
    def memory(self) -> Path:
        """What `coach` keeps for this learner; ignored by git."""
        return self.root / ".coach"

    @property
    def import_paths(self) -> list[str]:
        """The folders that the editable install puts on `sys.path`, for a process that works on this checkout."""
        return [str(self.root), *sorted({str(lesson.folder.parent) for lesson in self.lessons})]

    def environment(self) -> dict[str, str]:
        """The environment of a child process that works on this checkout, whichever one is installed."""
        paths = os.pathsep.join([*self.import_paths, *filter(None, [os.environ.get("PYTHONPATH")])])
        return os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}

    def shown(self, path: Path) -> str:
        """`path` as a terminal makes it clickable: relative to the working directory where that is shorter."""
        path = path.resolve()
        return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
