"""The three-way merge of lines, by git."""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from coach.words import Trouble, say


@dataclass(frozen=True)
class Skipped:
    """A change of the lesson that was left out: from this line of the learner's file on, the lesson says `lesson`.

    `why` is "" where both changed the same lines; `names` are what the other reasons are about (see update.py).
    """

    line: int
    lesson: str
    learner: str
    why: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lines:
    """The learner's text with the lesson's changes in it, and those that found no room."""

    text: str
    skipped: list[Skipped]


def newline_of(text: str) -> str:
    """How most lines of `text` end."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def merged(ours: str, base: str, theirs: str) -> Lines:
    """`ours` with what changed from `base` to `theirs`; its newlines and its last line's end are kept."""
    newline, final = newline_of(ours), ours.endswith("\n") or not ours
    base, theirs = (text.replace("\r\n", "\n").replace("\n", newline) for text in (base, theirs))
    texts = [text if text.endswith("\n") or not text else text + newline for text in (ours, base, theirs)]
    longest = max((len(run) for text in texts for run in re.findall(r"^[<=>|]+", text, re.MULTILINE)), default=0)
    width = max(longest, 7) + 1  # so long a marker stands in no file
    edge = "|" * width + newline  # first and last in all three, so in the result, unless git fails
    done = _merge_file([edge + text + edge for text in texts], width)
    text = done.stdout.decode("utf-8", "replace")
    conflicts = len(re.findall(rf"^<{{{width}}}[ \r\n]", text, re.MULTILINE))
    whole = re.fullmatch(rf"{re.escape(edge)}(.*){re.escape(edge)}", text, re.DOTALL)
    if not whole or done.returncode != min(conflicts, 127):
        raise Trouble.told(_git_failed(done))
    result = _sorted_out(whole[1], width)
    return result if final else Lines(result.text.removesuffix(newline), result.skipped)


def git_environment() -> dict[str, str]:
    """The environment for git: a hook's or a caller's GIT_DIR must not lead it elsewhere, and it must never ask."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def _merge_file(texts: list[str], width: int) -> subprocess.CompletedProcess[bytes]:
    with tempfile.TemporaryDirectory(prefix="coach-") as folder:
        for name, text in zip(("ours", "base", "theirs"), texts, strict=True):
            Path(folder, name).write_bytes(text.encode("utf-8"))
        command = ["git", "-c", "merge.conflictStyle=merge", "merge-file", "-p", f"--marker-size={width}"]
        return _run([*command, "ours", "base", "theirs"], folder)


def _run(command: list[str], folder: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, cwd=folder, env=git_environment(), capture_output=True, check=False)
    except FileNotFoundError:
        raise Trouble.told(no_git()) from None


def _git_failed(done: subprocess.CompletedProcess[bytes]) -> str:
    """Of a status that the output doesn't bear out: it would be the number of conflicts."""
    reason = done.stderr.decode("utf-8", "replace").strip().rstrip(".") or f"exit {done.returncode}"
    return say(
        zh=f"git 没能合并（{reason}）。你的文件没有改动。先让 `git --version` 能正常运行，再试一次。",
        en=f"git could not merge ({reason}). Your file is as it was. See that `git --version` works, then try again.",
    )


def no_git() -> str:
    return say(
        zh="`coach update` 用 git 来合并，而这里找不到 git。请安装 git（https://git-scm.com），再试一次；你的文件没有改动。",
        en="`coach update` merges with git, and there is no git here. Install it (https://git-scm.com) and try again; "
        "your file is as it was.",
    )


def _sorted_out(text: str, width: int) -> Lines:
    """Reads git's markers: of each conflict ours is kept and theirs is noted."""
    kept: list[str] = []
    skipped: list[Skipped] = []
    side, start, theirs = "", 0, []
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        mark = line[0] if re.match(rf"([<=>])\1{{{width - 1}}}[ \r\n]", line) else ""
        if mark == "<":
            side, start, theirs = "ours", len(kept), []
        elif mark == "=":
            side = "theirs"
        elif mark == ">":
            side = ""
            if imports_only(theirs) and imports_only(kept[start:]):  # there is room for both
                kept += [line for line in theirs if line not in kept[start:]]
                continue
            skipped.append(Skipped(start + 1, "".join(theirs), "".join(kept[start:])))
        else:
            (theirs if side == "theirs" else kept).append(line)
    return Lines("".join(kept), skipped)


def imports_only(lines: list[str]) -> bool:
    return bool(lines) and all(re.match(r"import |from \S+ import [^(\\]+$|\s*$", line) for line in lines)
