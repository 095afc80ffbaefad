"""The base of an update: the view that a learner's file was made from, kept, or found again among the lesson's earlier versions."""

import contextlib
import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coach.answers.merge import git_environment
from coach.course.lesson import Lesson
from coach.course.percent import view
from coach.course.release import past
from coach.course.workspace import Workspace
from coach.files import write_atomically
from coach.words import LANGUAGES, Trouble

VERSIONS = 200  # of a lesson, looked at in git's history, the newest first


@dataclass(frozen=True)
class Base:
    """`found` is "kept", "history" (the nearest version that git knows), "release" (that an earlier release had), or
    "current" (nothing older is known).
    """

    text: str
    found: str


def store(workspace: Workspace, lesson: Lesson, lang: str, text: str) -> None:
    """Notes that the learner's file holds everything of the view `text`."""
    put_back(workspace, lesson, noted(lang, text))


def noted(lang: str, text: str) -> str:
    """How a base is written down."""
    return json.dumps({"lang": lang, "sha256": _digest(text), "text": text}, ensure_ascii=False)


def find(workspace: Workspace, lesson: Lesson, lang: str, answers: str) -> Base:
    """What the learner's file `answers` was made from."""
    stored = _stored(_path(workspace, lesson), lang)
    if stored is not None:
        return Base(stored, "kept")
    current, older, found = lesson.view(lang), list(_history(lesson, lang)), "history"
    if not older:
        older, found = list(_views(past(workspace.root, lesson.name), lang)), "release"
    if not older:
        return Base(current, "current")
    own = _lines(answers)
    views = dict.fromkeys([current, *older])  # each once, the newest first: it wins a tie
    return Base(min(views, key=lambda text: _distance(_lines(text), own)), found)


def kept(workspace: Workspace, lesson: Lesson) -> str | None:
    """What is noted of the base, as it is; None if nothing is."""
    try:
        return _path(workspace, lesson).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def put_back(workspace: Workspace, lesson: Lesson, noted: str | None) -> None:
    """Makes what `kept` gave once the base again."""
    if noted is None:
        _path(workspace, lesson).unlink(missing_ok=True)
    else:
        write_atomically(_path(workspace, lesson), noted.encode("utf-8", "replace"))


def kept_language(workspace: Workspace, lesson: Lesson) -> str:
    """The language of the stored base: of use where the learner's file tells none; "" if there is none."""
    return next((lang for lang in LANGUAGES if _stored(_path(workspace, lesson), lang) is not None), "")


def _path(workspace: Workspace, lesson: Lesson) -> Path:
    return workspace.memory / "bases" / f"{lesson.name}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _stored(path: Path, lang: str) -> str | None:
    """The stored base; None if it is not there, damaged, or in the other language."""
    try:
        data = json.loads(path.read_bytes())
        whole = data["lang"] == lang and data["sha256"] == _digest(data["text"])
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return data["text"] if whole else None


def _lines(text: str) -> Counter[str]:
    return Counter(line.rstrip() for line in text.split("\n") if line.strip())


def _distance(a: Counter[str], b: Counter[str]) -> int:
    return (a - b).total() + (b - a).total()


def _history(lesson: Lesson, lang: str) -> Iterator[str]:
    """The lesson's view at every commit that changed it, the newest first; nothing where git knows nothing."""
    log = _git(lesson, "log", f"--max-count={VERSIONS}", "--format=%H", "--", lesson.solutions.name)
    texts = (_git(lesson, "show", f"{commit}:./{lesson.solutions.name}") for commit in log.split())
    return _views((text.replace("\r\n", "\n") for text in texts if text), lang)


def _views(texts: Iterable[str], lang: str) -> Iterator[str]:
    """The views of earlier versions, but of those with a slip that was mended since: from these no file was made."""
    for text in texts:
        with contextlib.suppress(Trouble):
            yield view(text, lang)


def _git(lesson: Lesson, *arguments: str) -> str:
    command = ["git", "-C", str(lesson.folder), *arguments]
    done = subprocess.run(command, env=git_environment(), capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
