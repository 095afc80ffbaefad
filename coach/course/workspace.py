"""Where things are: the workspace, its lessons, and what `coach` remembers of a learner."""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coach.course.lesson import Lesson
from coach.state import State
from coach.where import CHAPTERS, checkout, memory, state_file
from coach.words import Trouble

NAME = re.compile(r"part\d+_\w+")  # of a lesson's folder: a package's name, too


@dataclass(frozen=True)
class Workspace:
    """One checkout of the course."""

    root: Path

    @classmethod
    def here(cls) -> "Workspace":
        """The checkout around the working directory, else the one that `coach` is installed from."""
        return cls(checkout())

    @cached_property
    def _folders(self) -> list[Path]:
        return sorted(path.parent for path in self.root.glob(CHAPTERS))

    @cached_property
    def lessons(self) -> list[Lesson]:
        """Every lesson, in the order of the days."""
        found = (Lesson(folder) for folder in self._folders if NAME.fullmatch(folder.name))
        return sorted(found, key=lambda x: (x.day, x.order, x.name))

    @property
    def strangers(self) -> list[Path]:
        """Folders among the lessons that are none: a scratch folder, a copy."""
        return [folder for folder in self._folders if not NAME.fullmatch(folder.name)]

    def check_lessons(self) -> None:
        """`Trouble` if there is no lesson at all."""
        if not self.lessons:
            zh = f"在 {self.root} 里没有找到任何一课：请在课程的文件夹里运行 coach，或重新取回课程（git checkout）。"
            en = f"There is no lesson in {self.root}: run coach in the course's folder, or get the course back."
            raise Trouble(zh=zh, en=en)

    def saved_last(self) -> Lesson:
        """The lesson whose answers were saved last; `Trouble` if none is begun."""
        self.check_lessons()
        begun = [lesson for lesson in self.lessons if lesson.started]
        if not begun:
            raise Trouble(zh="还没有开始任何一天：coach start 1", en="No day is begun: coach start 1")
        return max(begun, key=lambda lesson: lesson.answers.stat().st_mtime_ns)

    @cached_property
    def state(self) -> State:
        return State(state_file(self.root))

    @property
    def memory(self) -> Path:
        """What `coach` keeps for this learner; ignored by git."""
        return memory(self.root)

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
