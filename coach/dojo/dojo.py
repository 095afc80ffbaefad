"""What a dojo is: a folder of its own, steps that are judged by its state, and what happens there once a step is done."""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coach.words import Trouble, say

MARKER = ".dojo.json"  # what the folder's maker leaves in it: no other folder is ever written to
# git looks for a repository upwards, too: here the search ends, so that no command reaches one around the dojo.
GUARD = "gitdir: this-folder-is-no-repository--cd-into-the-clone\n"

Words = tuple[str, str]  # Chinese, English


@dataclass(frozen=True)
class Place:
    """A dojo's folder, and the names of its files in the language that it was made in."""

    root: Path
    names: dict[str, str]

    def path(self, *parts: str) -> Path:
        """A path below the root; a part that names a file of `names` stands for it."""
        return self.root.joinpath(*(self.names.get(part, part) for part in parts))

    def read(self, *parts: str) -> str | None:
        """The text of a file, without a mark of byte order, with `\\n` for every end of line; None where there is none."""
        try:
            data = self.path(*parts).read_bytes()
        except OSError:
            return None
        return decoded(data).replace("\r\n", "\n")

    def write(self, text: str, *parts: str) -> None:
        path = self.path(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def decoded(data: bytes) -> str:
    """The text that a shell's `>` wrote: Windows PowerShell writes UTF-16, an old console GBK."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gbk", "replace")


@dataclass(frozen=True)
class Step:
    """One thing to do, and how to see that it is done.

    `missing` looks at the folder and says what is still missing, or None; it holds, too, after all later steps.
    `then` is what others do once the step is done; it may run any number of times.
    """

    name: str
    task: Words
    hints: tuple[Words, ...]
    missing: Callable[[Place], Words | None]
    then: Callable[[Place], None] = lambda place: None


@dataclass(frozen=True)
class Dojo:
    """`build` fills a new folder; `draw` shows its state, in the terminal; `needs` is a program without which nothing goes."""

    name: str
    title: Words
    names: dict[str, Words]
    steps: tuple[Step, ...]
    build: Callable[[Place], None]
    draw: Callable[[Place], str] = lambda place: ""
    needs: str = ""

    def place(self, home: Path, lang: str) -> Place:
        """The dojo's folder in `home`, built on the first call; `Trouble` where something else stands there."""
        if self.needs and not shutil.which(self.needs):
            zh, en = f"找不到 {self.needs}：先装好它。", f"{self.needs} was not found: install it first."
            raise Trouble(zh=zh, en=en)
        root = home / self.name
        if not (root / MARKER).is_file():
            self._make(root, lang)
        return Place(root, self._named(_language_of(root) or lang))

    def _named(self, lang: str) -> dict[str, str]:
        return {key: names[lang != "zh"] for key, names in self.names.items()}

    def _make(self, root: Path, lang: str) -> None:
        """Built beside, then renamed: half a dojo is none."""
        if os.path.lexists(root) and not (root.is_dir() and not any(root.iterdir())):
            zh = f"{root} 不是道场的文件夹，没有动它。把它移走，或用 --at 选另一个地方。"
            en = f"{root} is not a folder of the dojo's and was left alone. Move it, or choose another place with --at."
            raise Trouble(zh=zh, en=en)
        root.parent.mkdir(parents=True, exist_ok=True)
        new = root.with_name(f".{root.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        (new / ".git").write_text(GUARD, encoding="ascii")
        self.build(Place(new, self._named(lang)))
        (new / MARKER).write_text(json.dumps({"dojo": self.name, "lang": lang}), encoding="utf-8")
        if root.exists():
            root.rmdir()
        os.replace(new, root)

    def reset(self, home: Path) -> Path | None:
        """Sets the folder aside, whole, so that the next call builds a new one; None where there is none yet."""
        root = home / self.name
        if not (root / MARKER).is_file():
            return None
        aside = root.with_name(f"{root.name}-{time.strftime('%Y%m%d-%H%M%S')}")
        number = 1
        while aside.exists():
            number += 1
            aside = aside.with_name(f"{aside.name}-{number}")
        try:
            os.replace(root, aside)
        except PermissionError as error:
            zh = f"{root} 正被别的程序用着（终端停在里面？）：先 cd 到别处，再试一次。"
            en = f"{root} is in use (a terminal that stands in it?): cd elsewhere, then try again."
            raise Trouble(zh=zh, en=en) from error
        return aside

    def judge(self, place: Place) -> tuple[int, Words | None]:
        """How many steps are done, one after the other, and what is missing for the next (None: nothing is left)."""
        for number, step in enumerate(self.steps):
            if missing := step.missing(place):
                return number, missing
            step.then(place)
        return len(self.steps), None

    def hint_key(self, step: Step) -> str:
        return f"dojo.{self.name}.{step.name}"


def _language_of(root: Path) -> str:
    try:
        return str(json.loads((root / MARKER).read_text(encoding="utf-8"))["lang"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def told(words: Words, place: Place) -> str:
    """`words` in the learner's language; `{name}` is a file's name, as the folder has it."""
    text = say(zh=words[0], en=words[1])
    for key, name in place.names.items():
        text = text.replace(f"{{{key}}}", name)
    return text


def default_home() -> Path:
    """Outside of every checkout: what is done in a dojo can't reach the learner's own repository."""
    chosen = os.environ.get("COACH_DOJO")
    return Path(chosen) if chosen else Path.home() / "coach-dojo"
