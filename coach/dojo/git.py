"""The git dojo: a server, a clone, a colleague, a conflict, four ways to undo, and a fork. All of it local, all of it real git."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from coach.dojo.dojo import Dojo, Place, Step, Words
from coach.words import Trouble

NAMES = {
    "plan": ("学习计划.md", "study plan.md"),
    "words": ("词汇.md", "words.md"),
    "day": ("第一天.md", "day one.md"),
    "draft": ("草稿.txt", "draft.txt"),
    "tuesday": ("星期二：张量", "Tuesday: tensors"),
    "_tuesday": ("星期二：休息", "Tuesday: rest"),
    "_friday": ("星期五：空着", "Friday: open"),
    "_rest": ("星期一：安装\n星期二：休息\n星期三：画图\n", "Monday: install\nTuesday: rest\nWednesday: figures\n"),
    "_colleague": ("星期二：einops，两题", "Tuesday: einops, two puzzles"),
    "_rested": ("星期五：休息", "Friday: rest"),
    "_saturday": ("星期六：读一篇论文\n", "Saturday: read a paper\n"),
    "_wordlist": ("张量\n梯度\n卷积\n", "tensor\ngradient\nconvolution\n"),
}
SERVER, CLONE = "server.git", "notes"
UPSTREAM, FORK, PACKAGE, BRANCH = "upstream.git", "fork.git", "meanwhile", "empty-list"
THEIRS, TIDIED = "Tuesday: einops", "Tidy up"  # subjects of what the colleague commits


def git(place: Place, *arguments: str, at: str = CLONE, text: str | None = None) -> str | None:
    """What git says, None where it fails: with a configuration of its own, the learner's is neither read nor written."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {
        "HOME": str(place.root / ".home"),
        "XDG_CONFIG_HOME": str(place.root / ".home"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(place.root),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C.UTF-8",
    }
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Colleague", f"GIT_{role}_EMAIL": "colleague@example.org"}
        environment |= {f"GIT_{role}_DATE": "2026-01-05T09:00:00+0800"}
    settings = ["-c", "core.quotepath=false", "-c", "safe.directory=*", "-c", "core.autocrlf=false", "-c", "gc.auto=0"]
    folder = place.root / at
    if not folder.is_dir():
        return None
    done = subprocess.run(
        ["git", *settings, *arguments],
        cwd=folder,
        env=environment,
        input=text,
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout if done.returncode == 0 else None


def _holds(place: Place, ancestor: str, ref: str, at: str = CLONE) -> bool:
    """Whether `ancestor` is part of the history of `ref`."""
    return git(place, "merge-base", "--is-ancestor", ancestor, ref, at=at) is not None


def _at(place: Place, ref: str, name: str, at: str = CLONE) -> str | None:
    """The file as it is in that commit."""
    found = git(place, "cat-file", "blob", f"{ref}:{place.names.get(name, name)}", at=at)
    return None if found is None else found.replace("\r\n", "\n")


def _hash(place: Place, subject: str, ref: str = "main", at: str = SERVER) -> str:
    """The commit with that subject in the history of `ref`, or "" """
    lines = (git(place, "log", "--format=%H %s", ref, at=at) or "").splitlines()
    return next((line.split()[0] for line in lines if line.split(" ", 1)[1] == subject), "")


# what others do


def build(place: Place) -> None:
    """The server with its four first commits."""
    (place.root / SERVER).mkdir()
    git(place, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", at=SERVER)
    names = place.names
    first = names["_rest"] + names["_friday"] + "\n"
    rested = first.replace(names["_friday"], names["_rested"])
    changes = [
        ("Plan the week", {"plan": first}),
        ("Words to look up", {"words": names["_wordlist"]}),
        ("Friday is for resting", {"plan": rested}),
        ("Something for Saturday", {"plan": rested + names["_saturday"]}),
    ]
    _as_colleague(place, changes)
    if not _hash(place, changes[-1][0]):
        zh = "git 没能建好道场的服务器。先让 `git --version` 显示 2.28 或更新的版本，再试一次。"
        en = "git could not make the dojo's server. See that `git --version` says 2.28 or later, then try again."
        raise Trouble(zh=zh, en=en)


def _as_colleague(place: Place, changes: Sequence[tuple[str, Mapping[str, str | None]]]) -> None:
    """Commits the changes to the server's main, from a clone that is gone afterwards; None removes a file."""
    name = ".colleague"
    shutil.rmtree(place.root / name, ignore_errors=True)
    git(place, "clone", "--quiet", "--template=", SERVER, name, at=".")
    git(place, "symbolic-ref", "HEAD", "refs/heads/main", at=name)  # also where the server is still empty
    for subject, files in changes:
        for file, text in files.items():
            if text is None:
                place.path(name, file).unlink(missing_ok=True)
            else:
                place.write(text, name, file)
        git(place, "add", "--all", at=name)
        git(place, "commit", "--quiet", "--no-verify", "--message", subject, at=name)
    git(place, "push", "--quiet", "origin", "main", at=name)
    _remove(place.root / name)


def _remove(folder: Path) -> None:
    """git's objects are read-only, which keeps Windows from removing them."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
    shutil.rmtree(folder, ignore_errors=True)


def _leave_a_draft(place: Place) -> None:
    """A file that is not to be committed, in the learner's folder."""
    if place.read(CLONE, "draft") is None:
        place.write("?\n", CLONE, "draft")


def _change_tuesday(place: Place) -> None:
    """The colleague, too, has an idea for Tuesday."""
    plan = _at(place, "main", "plan", at=SERVER)
    if plan is not None and not _hash(place, THEIRS):
        lines = [place.names["_colleague"] if place.names["_tuesday"] in line else line for line in plan.splitlines()]
        _as_colleague(place, [(THEIRS, {"plan": "\n".join(lines) + "\n"})])


def _tidy_too_much(place: Place) -> None:
    if not _hash(place, TIDIED):
        _as_colleague(place, [(TIDIED, {"words": None})])


PACKAGE_FILES = {
    "meanwhile.py": '''"""Means over the last few numbers."""


def running_mean(numbers: list[float], window: int) -> list[float]:
    """The mean of each `window` neighbours, as often as they fit."""
    total = sum(numbers[:window])
    means = [total / window]
    for new, old in zip(numbers[window:], numbers):
        total += new - old
        means.append(total / window)
    return means
''',
    "test_meanwhile.py": '''"""`python test_meanwhile.py` runs them all."""

import unittest

from meanwhile import running_mean


class TestRunningMean(unittest.TestCase):
    def test_three_numbers(self):
        self.assertEqual(running_mean([1, 3, 5], 2), [2, 4])

    def test_fewer_numbers_than_the_window(self):
        self.assertEqual(running_mean([1, 3], 3), [])

    def test_no_numbers(self):
        self.assertEqual(running_mean([], 2), [])


if __name__ == "__main__":
    unittest.main()
''',
    "CONTRIBUTING.md": """# How to contribute

1. Work on a branch of your fork, named after what it mends.
2. `python test_meanwhile.py` passes; the tests themselves stay as they are.
3. One commit. Its first line is `fix: what is right now`, in lower case, at most 50 characters, without a full stop.
   After an empty line, say why; the last line is `Fixes #7`, the number of the issue.
4. Push to your fork, then open a pull request: its text has the headings `## What`, `## Why` and `## How it was tested`.

## Issue #7

`running_mean` of fewer numbers than the window gives a number that is no mean at all; it should give an empty list.
""",
}


def _publish(place: Place) -> None:
    """Somebody's package with a failing test, and the learner's fork of it on the server."""
    if (place.root / FORK).is_dir():
        return
    work = ".maintainer"
    shutil.rmtree(place.root / work, ignore_errors=True)
    shutil.rmtree(place.root / UPSTREAM, ignore_errors=True)
    (place.root / work).mkdir()
    git(place, "init", "--quiet", "--template=", "--initial-branch=main", at=work)
    for name, text in PACKAGE_FILES.items():
        place.write(text, work, name)
    git(place, "add", "--all", at=work)
    git(place, "commit", "--quiet", "--no-verify", "--message", "Running means, and an open issue", at=work)
    git(place, "clone", "--quiet", "--bare", "--template=", work, UPSTREAM, at=".")
    git(place, "clone", "--quiet", "--bare", "--template=", UPSTREAM, FORK, at=".")
    _remove(place.root / work)


# what is missing


def _cloned(place: Place) -> Words | None:
    if not (place.root / CLONE).is_dir():
        return "还没有文件夹 notes。", "There is no folder notes yet."
    if not (place.root / CLONE / ".git").is_dir():
        return "notes 不是 git 仓库：把它移走，再克隆。", "notes is not a git repository: move it away, then clone."
    url = (git(place, "config", "--local", "remote.origin.url") or "").strip()
    if not url.rstrip("/\\").endswith("server.git"):
        zh, en = (
            "notes 不是从 server.git 克隆来的：把它移走，再克隆。",
            "notes is not a clone of server.git: move it away.",
        )
        return zh, en
    return None


def _identified(place: Place) -> Words | None:
    for key in ("user.name", "user.email"):
        if not (git(place, "config", "--local", key) or "").strip():
            return f"这个仓库还没有自己的 {key}。", f"This repository has no {key} of its own yet."
    if "@" not in (git(place, "config", "--local", "user.email") or ""):
        return "user.email 里没有 @。", "There is no @ in user.email."
    return None


def _looked(place: Place) -> Words | None:
    written = place.read("hash.txt")
    if written is None:
        return "还没有 hash.txt（在 notes 旁边）。", "There is no hash.txt yet (beside notes)."
    word = (written.split() or [""])[0].lower()
    right = _hash(place, "Friday is for resting")
    if len(word) < 4:
        return "hash.txt 里没有至少 4 位的哈希。", "hash.txt holds no hash of at least 4 characters."
    if not right.startswith(word):
        zh, en = f"{word} 不是改星期五那一行的提交。", f"{word} is not the commit that changed Friday's line."
        return zh, en
    return None


def _summary(place: Place) -> str:
    """Where the branch `summary` lives by now, or "main" once it is merged and gone."""
    for ref in ("refs/heads/summary", "refs/remotes/origin/summary"):
        if git(place, "rev-parse", "--verify", "--quiet", ref) is not None:
            return ref
    return "refs/heads/main" if _day_commit(place, "refs/heads/main") else ""


def _branched(place: Place) -> Words | None:
    if _summary(place):
        return None
    return "还没有分支 summary。", "There is no branch summary yet."


def _day_commit(place: Place, ref: str) -> str:
    """The commit that brought the day's file into the history of `ref`, or "" """
    name = place.names["day"]
    return (git(place, "log", "--diff-filter=A", "--format=%H", ref, "--", name) or "").strip().split("\n")[-1]


def _staged(place: Place) -> Words | None:
    if _day_commit(place, "--all"):
        return None
    if place.read(CLONE, "day") is None:
        return "notes 里还没有 {day}。", "There is no {day} in notes yet."
    staged = (git(place, "diff", "--cached", "--name-only", "-z") or "").split("\0")
    if place.names["draft"] in staged:
        zh = "{draft} 也进了暂存区；它不该进去：git restore --staged 拿它出来。"
        return zh, "{draft} is staged as well and should not be: git restore --staged takes it out."
    if place.names["day"] not in staged:
        return "{day} 在，但还没有暂存。", "{day} is there, but not staged yet."
    return None


def _committed(place: Place) -> Words | None:
    commit = _day_commit(place, _summary(place))
    if not commit:
        here = (git(place, "branch", "--show-current") or "").strip()
        if _day_commit(place, "HEAD"):
            zh = f"提交在了 {here} 上，不在 summary 上：git switch summary，再 git cherry-pick {here}。"
            return zh, f"The commit is on {here}, not on summary: git switch summary, then git cherry-pick {here}."
        return "{day} 暂存了，还没有提交。", "{day} is staged, not committed yet."
    files = [name for name in (git(place, "show", "--name-only", "--format=", "-z", commit) or "").split("\0") if name]
    if files != [place.names["day"]]:
        zh = f"这个提交里有 {len(files)} 个文件，应当只有 {{day}}：git rm --cached 去掉多余的，再 git commit --amend。"
        en = f"This commit holds {len(files)} files and should hold {{day}} alone: git rm --cached the rest, then git commit --amend."
        return zh, en
    return None


def _ignores(place: Place, patterns: str, name: str) -> bool:
    """Whether git itself takes `patterns` to match a file of that name: in a repository that holds nothing else."""
    with tempfile.TemporaryDirectory(dir=place.root, prefix=".ignored-") as folder:
        git(place, "init", "--quiet", "--template=", at=folder)
        (Path(folder) / ".gitignore").write_text(patterns, encoding="utf-8", newline="\n")
        return git(place, "check-ignore", "--quiet", name, at=folder) is not None


def _ignored(place: Place) -> Words | None:
    ref, draft = _summary(place), place.names["draft"]
    committed = _at(place, ref, ".gitignore") or ""
    if not committed:
        if (place.root / CLONE / ".gitignore").is_file():
            return ".gitignore 写好了，还没有提交到 summary。", ".gitignore is there, but not committed on summary."
        return "summary 上还没有 .gitignore。", "There is no .gitignore on summary yet."
    if not _ignores(place, committed, draft):
        return ".gitignore 里没有一行管得到 {draft}。", "No line of .gitignore matches {draft}."
    return None


def _pushed(place: Place) -> Words | None:
    commit = _day_commit(place, _summary(place))
    if any(_holds(place, commit, ref, at=SERVER) for ref in ("summary", "main")):
        return None
    return "服务器上还没有你的提交。", "The server does not have your commit yet."


def _merged(place: Place) -> Words | None:
    commit = _day_commit(place, _summary(place))
    if not _holds(place, commit, "main"):
        return "main 里还没有 summary 的提交。", "main does not hold the commits of summary yet."
    if not _holds(place, commit, "main", at=SERVER):
        return "本地的 main 合并好了，还没有推送。", "Your main is merged, but not pushed."
    return None


def _line_changed(place: Place) -> Words | None:
    if place.names["tuesday"] in (_at(place, "main", "plan") or ""):
        return None
    if place.names["tuesday"] in (place.read(CLONE, "plan") or ""):
        return "改好了，还没有提交到 main。", "Changed, but not committed on main."
    return "{plan} 里还没有 `{tuesday}` 这一行。", "{plan} has no line `{tuesday}` yet."


def _in_the_middle(place: Place) -> Words | None:
    """What git is in the middle of."""
    folder = place.root / CLONE / ".git"
    if any((folder / name).exists() for name in ("MERGE_HEAD", "rebase-merge", "rebase-apply")):
        if git(place, "diff", "--name-only", "--diff-filter=U"):
            zh = "冲突还在：打开 {plan}，留下该留的，去掉标记，再 git add。"
            return (
                zh,
                "The conflict is still there: open {plan}, keep what should stay, remove the marks, then git add.",
            )
        return "冲突解决了，还差 git commit（变基时是 git rebase --continue）。", (
            "The conflict is resolved; git commit is still to come (in a rebase: git rebase --continue)."
        )
    if (folder / "REVERT_HEAD").exists():
        return "revert 做到一半：git revert --continue。", "A revert is half done: git revert --continue."
    return None


NOT_PUSHED = "本地的 main 还没有推送。", "Your main is not pushed yet."


def _reconciled(place: Place) -> Words | None:
    return _not_reconciled(place, SERVER) and (_in_the_middle(place) or _not_reconciled(place, CLONE) or NOT_PUSHED)


def _not_reconciled(place: Place, at: str) -> Words | None:
    """What main, there, lacks of both lines."""
    if not _holds(place, _hash(place, THEIRS), "main", at=at):
        return "main 里还没有同事的提交。", "main does not hold the colleague's commit yet."
    plan = _at(place, "main", "plan", at=at) or ""
    if any(line.startswith(("<<<<<<<", "=======", ">>>>>>>")) for line in plan.splitlines()):
        zh, en = (
            "冲突的标记被提交了：去掉它们，再提交一次。",
            "The conflict's marks were committed: remove them, commit again.",
        )
        return zh, en
    for line in ("tuesday", "_colleague"):
        if place.names[line] not in plan:
            return f"{{plan}} 里少了 `{place.names[line]}`。", f"{{plan}} lacks `{place.names[line]}`."
    return None


def _old_version(place: Place) -> Words | None:
    written, first = place.read("old.md"), _at(place, _hash(place, "Plan the week"), "plan")
    if written is None:
        return "还没有 old.md（在 notes 旁边）。", "There is no old.md yet (beside notes)."
    if written.strip() != (first or "").strip():
        return "old.md 不是第一个提交里的 {plan}。", "old.md is not {plan} as it was in the first commit."
    return None


def _reverted(place: Place) -> Words | None:
    return _not_reverted(place, SERVER) and (_in_the_middle(place) or _not_reverted(place, CLONE) or NOT_PUSHED)


def _not_reverted(place: Place, at: str) -> Words | None:
    if not _holds(place, _hash(place, TIDIED), "main", at=at):
        return "main 里还没有同事的新提交：先 git pull。", "main lacks the colleague's new commit: git pull first."
    if _at(place, "main", "words", at=at) != place.names["_wordlist"]:
        return "{words} 还没有回来。", "{words} is not back yet."
    return None


def _oops(place: Place) -> list[str]:
    """Commits with the message `oops` that HEAD has ever stood at."""
    lines = (git(place, "log", "--walk-reflogs", "--format=%H %s", "HEAD") or "").splitlines()
    return [line.split()[0] for line in lines if line.split(" ", 1)[1] == "oops"]


def _undone(place: Place) -> Words | None:
    commits = _oops(place)
    if not commits:
        return "还没有提交信息是 oops 的提交。", "There has been no commit with the message oops yet."
    if any(_holds(place, commit, "main") for commit in commits):
        return "提交 oops 还在 main 里。", "The commit oops is still part of main."
    return None


def _rescued(place: Place) -> Words | None:
    tip = (git(place, "rev-parse", "--verify", "--quiet", "refs/heads/rescue") or "").strip()
    if not tip:
        return "还没有分支 rescue。", "There is no branch rescue yet."
    if tip not in _oops(place):
        return "rescue 指的不是提交 oops。", "rescue does not point at the commit oops."
    return None


def _contributed(place: Place) -> Words | None:
    """The branch on the fork, its one commit, and the text of the pull request."""
    if git(place, "rev-parse", "--verify", "--quiet", f"refs/heads/{BRANCH}", at=FORK) is None:
        return _not_pushed_to_the_fork(place)
    if git(place, "rev-parse", "main", at=FORK) != git(place, "rev-parse", "main", at=UPSTREAM):
        zh = f"fork.git 的 main 变了：改动只推到分支 {BRANCH} 上，main 要和 upstream.git 的一样。"
        en = f"main of fork.git has changed: push to the branch {BRANCH} alone, and keep main as it is in upstream.git."
        return zh, en
    count = (git(place, "rev-list", "--count", f"main..{BRANCH}", at=FORK) or "0").strip()
    if count != "1" or not _holds(place, "main", BRANCH, at=FORK):
        zh = f"分支 {BRANCH} 在 main 之上应当正好有一个提交，现在是 {count} 个：git commit --amend 合进去，git push --force。"
        en = f"The branch {BRANCH} should be one commit ahead of main, not {count}: git commit --amend, then git push --force."
        return zh, en
    return _unmended(place) or _misworded(place) or _without_a_request(place)


def _not_pushed_to_the_fork(place: Place) -> Words:
    if not (place.root / PACKAGE / ".git").exists():
        return "还没有把 fork.git 克隆到文件夹 meanwhile。", "fork.git is not cloned into the folder meanwhile yet."
    if git(place, "rev-parse", "--verify", "--quiet", f"refs/heads/{BRANCH}", at=PACKAGE) is None:
        return f"meanwhile 里还没有分支 {BRANCH}。", f"There is no branch {BRANCH} in meanwhile yet."
    if (git(place, "rev-list", "--count", f"origin/main..{BRANCH}", at=PACKAGE) or "0").strip() == "0":
        return f"分支 {BRANCH} 上还没有提交。", f"There is no commit on the branch {BRANCH} yet."
    return f"fork.git 上还没有分支 {BRANCH}：推送它。", f"fork.git has no branch {BRANCH} yet: push it."


def _unmended(place: Place) -> Words | None:
    """What the tests say of the package as it is on the branch: the tests are the project's, not the learner's."""
    changed = (git(place, "diff", "--name-only", "main", BRANCH, at=FORK) or "").split()
    if changed != ["meanwhile.py"]:
        listed = ", ".join(changed) or "—"
        return (
            f"提交里只应有 meanwhile.py，现在有：{listed}。",
            f"The commit should change meanwhile.py alone; it changes: {listed}.",
        )
    with tempfile.TemporaryDirectory() as folder:
        for name in ("meanwhile.py", "test_meanwhile.py"):
            (Path(folder) / name).write_text(_at(place, BRANCH, name, at=FORK) or "", encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-X", "utf8", "test_meanwhile.py"],
                cwd=folder,
                capture_output=True,
                check=False,
                timeout=60,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return (
                "测试一分钟还没有跑完：有死循环吗？",
                "The tests are not done after a minute: is there an endless loop?",
            )
    if done.returncode == 0:
        return None
    failed = re.findall(rb"^(?:FAIL|ERROR): (\w+)", done.stderr, flags=re.MULTILINE)
    which = ", ".join(name.decode() for name in failed) or "test_meanwhile.py"
    return f"推送的代码还通不过测试：{which}。", f"The code that was pushed does not pass yet: {which}."


def _misworded(place: Place) -> Words | None:
    """What the message lacks of the project's form."""
    lines = (git(place, "log", "-1", "--format=%B", BRANCH, at=FORK) or "").strip().splitlines() or [""]
    amend = (
        "改它用 git commit --amend，再 git push --force。",
        "Change it by git commit --amend, then git push --force.",
    )
    for wrong, zh, en in (
        (not re.match(r"fix: [a-z0-9`]", lines[0]), "提交信息的第一行不是 `fix: …`（小写）。", "The message's first line is not `fix: …` in lower case."),
        (len(lines[0]) > 50, "第一行超过 50 个字符。", "The first line has more than 50 characters."),
        (lines[0].endswith((".", "。")), "第一行末尾有句号。", "The first line ends in a full stop."),
        (len(lines) < 2 or bool(lines[1].strip()), "第一行之后没有空行。", "There is no empty line after the first."),
        (lines[-1].strip() != "Fixes #7", "最后一行不是 `Fixes #7`。", "The last line is not `Fixes #7`."),
        (len([line for line in lines[1:-1] if line.strip()]) == 0, "没有说为什么。", "It does not say why."),
    ):  # fmt: skip
        if wrong:
            return zh + amend[0], f"{en} {amend[1]}"
    return None


def _without_a_request(place: Place) -> Words | None:
    text = place.read("pull-request.md")
    if text is None:
        return "还没有 pull-request.md（在 meanwhile 旁边）。", "There is no pull-request.md yet (beside meanwhile)."
    said = re.split(r"^## (What|Why|How it was tested)[ \t]*$", text, flags=re.MULTILINE)
    sections = dict(zip(said[1::2], said[2::2], strict=True))
    for heading in ("What", "Why", "How it was tested"):
        if not sections.get(heading, "").strip():
            zh = f"pull-request.md 里 `## {heading}` 下面还没有话。"
            return zh, f"pull-request.md has nothing under `## {heading}` yet."
    return None


def draw(place: Place) -> str:
    """The graph of all commits, and what git says of the folder."""
    at = CLONE if (place.root / CLONE / ".git").is_dir() else SERVER
    graph = git(place, "log", "--graph", "--all", "--format=%h%d %s", at=at) or ""
    status = (git(place, "status", "--short", "--branch") or "") if at == CLONE else ""
    return "\n".join(part.rstrip() for part in (graph, status) if part.strip())


STEPS = (
    Step(
        "clone",
        (
            "`server.git` 是服务器上的仓库（这里就在旁边的文件夹里）。把它克隆到文件夹 `notes`，再进去。",
            "`server.git` is the repository on a server (here simply the folder beside you). Clone it into the folder `notes`, and go in.",
        ),
        (
            ("克隆要两样：从哪里，到哪里。", "Cloning needs two things: from where, and to where."),
            ("`git clone 来源 文件夹`，然后 `cd`。", "`git clone SOURCE FOLDER`, then `cd`."),
        ),
        _cloned,
    ),
    Step(
        "identity",
        (
            "每个提交都写着作者。只给这个仓库设 `user.name` 和 `user.email`（不加 `--global`，你自己的设置就不会动）；邮箱可以编一个。",
            "Every commit names its author. Set `user.name` and `user.email` for this repository alone (without `--global`, so that your own settings stay as they are); the address may be made up.",
        ),
        (
            ("`git config` 读写设置。", "`git config` reads and writes settings."),
            (
                "两条命令：`git config user.name …`，`git config user.email …`。",
                "Two commands: `git config user.name …` and `git config user.email …`.",
            ),
        ),
        _identified,
    ),
    Step(
        "look",
        (
            "读历史：哪个提交改了 `{plan}` 里星期五那一行？把它的短哈希写进 `notes` 旁边的 `hash.txt`。",
            "Read the history: which commit changed Friday's line in `{plan}`? Write its short hash into `hash.txt`, beside `notes`.",
        ),
        (
            (
                "`git log` 列出提交；哪个选项还显示每个提交改了什么？",
                "`git log` lists the commits; which option shows what each of them changed, too?",
            ),
            (
                "`git log -p` 带着改动；`-` 开头的行去掉了，`+` 开头的加上了。",
                "`git log -p` comes with the changes: lines with `-` went, lines with `+` came.",
            ),
            ("`echo 哈希 > ../hash.txt` 写到上一层。", "`echo HASH > ../hash.txt` writes one folder up."),
        ),
        _looked,
    ),
    Step(
        "branch",
        (
            "在 `notes` 里新建分支 `summary`，并切换过去。",
            "In `notes`, make a new branch `summary` and switch to it.",
        ),
        (
            (
                "`git switch` 切换分支；新建要多一个选项。",
                "`git switch` goes to a branch; for a new one it needs an option.",
            ),
            ("`git switch --help` 里找 create。", "In `git switch --help`, look for create."),
        ),
        _branched,
        then=_leave_a_draft,
    ),
    Step(
        "stage",
        (
            "写一个文件 `{day}`，内容随意，只暂存它。（`notes` 里多了一个 `{draft}`：它不进仓库。）",
            "Write a file `{day}` with any text, and stage it alone. (In `notes` there is now a `{draft}`, too: it stays out of the repository.)",
        ),
        (
            ("`git status` 说哪些文件还没有被跟踪。", "`git status` says which files are not tracked yet."),
            (
                "`git add 文件` 只暂存一个；`git add .` 会连 {draft} 一起。名字里有空格要加引号。",
                "`git add FILE` stages one; `git add .` would take {draft} as well. A name with a space needs quotes.",
            ),
        ),
        _staged,
    ),
    Step(
        "commit",
        (
            "提交它，写一句话说明做了什么。",
            "Commit it, with a sentence on what you did.",
        ),
        (
            ("提交的是暂存区，不是文件夹。", "What is committed is the staging area, not the folder."),
            ('`git commit -m "…"`；不加 `-m` 会打开编辑器。', '`git commit -m "…"`; without `-m` an editor opens.'),
        ),
        _committed,
    ),
    Step(
        "ignore",
        (
            "让 git 不再提起 `{draft}`：写 `.gitignore`，也提交到 `summary`。",
            "Make git stop mentioning `{draft}`: write a `.gitignore`, and commit it on `summary`, too.",
        ),
        (
            (".gitignore 里一行是一个名字或一个模式。", "A line of .gitignore is a name, or a pattern."),
            (
                "`git check-ignore -v {draft}` 说是哪一行管着它。",
                "`git check-ignore -v {draft}` says which line matches it.",
            ),
        ),
        _ignored,
    ),
    Step(
        "push",
        (
            "把分支 `summary` 推送到服务器，并记住它对应哪个远程分支。",
            "Push the branch `summary` to the server, and let git remember which remote branch it belongs to.",
        ),
        (
            ("直接 `git push` 会失败，读读它说了什么。", "A plain `git push` fails: read what it says."),
            (
                "`-u` 是 `--set-upstream` 的简写；远程叫 `origin`。",
                "`-u` is short for `--set-upstream`; the remote is called `origin`.",
            ),
        ),
        _pushed,
    ),
    Step(
        "merge",
        (
            "回到 `main`，把 `summary` 合并进来，再推送 `main`。",
            "Go back to `main`, merge `summary` into it, and push `main`.",
        ),
        (
            ("合并是把*别的*分支并进*当前*分支。", "To merge is to bring *another* branch into the *current* one."),
            (
                "三条命令：`git switch`、`git merge`、`git push`。",
                "Three commands: `git switch`, `git merge`, `git push`.",
            ),
        ),
        _merged,
        then=_change_tuesday,
    ),
    Step(
        "change",
        (
            "先不要 pull。在 `main` 上把 `{plan}` 里星期二那一行改成 `{tuesday}`，提交。",
            "Don't pull yet. On `main`, change Tuesday's line in `{plan}` to `{tuesday}`, and commit.",
        ),
        (
            ("用编辑器改；`git diff` 看改了什么。", "Change it in an editor; `git diff` shows what changed."),
            (
                '`git commit -am "…"` 暂存所有改过的、已跟踪的文件，并提交。',
                '`git commit -am "…"` stages every tracked file that changed, and commits.',
            ),
        ),
        _line_changed,
    ),
    Step(
        "conflict",
        (
            "推送 `main`：会被拒绝，同事先改了同一行。拉取、解决冲突（两行都留下）、提交、推送。",
            "Push `main`: it is rejected, since a colleague changed the same line first. Pull, resolve the conflict (keep both lines), commit, push.",
        ),
        (
            (
                "读拒绝的那几行：服务器上有你没有的提交。",
                "Read the rejection: the server has commits that you don't have.",
            ),
            (
                "`git pull` 会问怎样合；`git pull --no-rebase` 用合并。",
                "`git pull` asks how to reconcile; `git pull --no-rebase` merges.",
            ),
            (
                "`<<<<<<<` 到 `=======` 是你的，到 `>>>>>>>` 是同事的；删掉三行标记，`git add`，`git commit`。",
                "From `<<<<<<<` to `=======` is yours, on to `>>>>>>>` is theirs; delete the three marker lines, then `git add` and `git commit`.",
            ),
        ),
        _reconciled,
    ),
    Step(
        "old",
        (
            "把第一个提交里的 `{plan}` 取出来，存成 `notes` 旁边的 `old.md`；`notes` 里的不要动。",
            "Take `{plan}` as it was in the first commit, and save it as `old.md` beside `notes`; leave the one in `notes` as it is.",
        ),
        (
            ("`git show` 也能显示某个提交里的一个文件。", "`git show` can also show one file of one commit."),
            (
                "写法是 `git show 哈希:文件`；再用 `>` 存起来。",
                "It is written `git show HASH:FILE`; then `>` saves it.",
            ),
        ),
        _old_version,
        then=_tidy_too_much,
    ),
    Step(
        "revert",
        (
            "同事又推送了一个提交，把 `{words}` 删了。拉取，用一个新提交抵消它，再推送：别人已经有的历史不改写。",
            "The colleague has pushed another commit, which deletes `{words}`. Pull, undo it by a new commit, and push: history that others have is not rewritten.",
        ),
        (
            ("抵消一个提交，历史里两个都在：revert。", "To undo a commit and keep both in the history: revert."),
            (
                "`git revert 哈希` 会自己写好提交信息；编辑器里保存退出即可（或加 `--no-edit`）。",
                "`git revert HASH` writes a message by itself; save and close the editor (or add `--no-edit`).",
            ),
        ),
        _reverted,
    ),
    Step(
        "undo",
        (
            "提交点什么，信息写 `oops`，不要推送。然后撤销这个提交，文件里的改动留下。",
            "Commit something with the message `oops`, and don't push it. Then undo that commit, and keep the change in your files.",
        ),
        (
            (
                "还没有推送的提交可以真的拿掉：把分支挪回上一个提交。",
                "A commit that is not pushed can really be taken away: move the branch back to the commit before.",
            ),
            (
                "`git reset` 挪分支；`--soft` 留着暂存区和文件，`--hard` 连改动一起扔掉。`HEAD~1` 是上一个提交。",
                "`git reset` moves the branch; `--soft` keeps the staging area and the files, `--hard` throws the change away. `HEAD~1` is the commit before.",
            ),
        ),
        _undone,
    ),
    Step(
        "rescue",
        (
            "又想要它了。找到那个 `oops` 提交，让新分支 `rescue` 指向它。",
            "You want it back. Find that commit `oops`, and let a new branch `rescue` point at it.",
        ),
        (
            (
                "哪个提交都不会马上消失：git 记着 HEAD 去过哪里。",
                "No commit vanishes at once: git remembers where HEAD has been.",
            ),
            (
                "`git reflog` 列出来；`git branch 名字 哈希` 在那里立一个分支。",
                "`git reflog` lists it; `git branch NAME HASH` sets a branch there.",
            ),
        ),
        _rescued,
        then=_publish,
    ),
    Step(
        "contribute",
        (
            "给别人的项目修一个错。`upstream.git` 是一个小库，`fork.git` 是你在服务器上的那份复制。把 `fork.git` 克隆到文件夹 `meanwhile`（在 `notes` 旁边），读它的 `CONTRIBUTING.md`。在分支 `empty-list` 上让失败的测试通过，按它要求的格式提交一次，推送到 `fork.git`，再把合并请求的文字写进 `meanwhile` 旁边的 `pull-request.md`。",
            "Fix a bug in somebody's project. `upstream.git` is a small package, `fork.git` your copy of it on the server. Clone `fork.git` into the folder `meanwhile` (beside `notes`), and read its `CONTRIBUTING.md`. On a branch `empty-list` make the failing tests pass, commit once in the form it asks for, push to `fork.git`, and write the text of the pull request into `pull-request.md`, beside `meanwhile`.",
        ),
        (
            (
                "先看它错在哪里：`python test_meanwhile.py`。窗口比数还多时，循环之前就已经放进了一个数。",
                "First see what is wrong: `python test_meanwhile.py`. Where the window is longer than the numbers, one mean is in the list before the loop begins.",
            ),
            (
                "提交信息有好几段：不加 `-m`，在编辑器里写；或者写几个 `-m`，每个成为一段。",
                "The message has several paragraphs: leave out `-m` and write it in the editor, or give several `-m`, each a paragraph.",
            ),
            (
                "`git push -u origin empty-list` 推到克隆的来处，也就是 `fork.git`；合并请求的文字要有那三个标题，下面各写一句。",
                "`git push -u origin empty-list` goes where the clone came from, to `fork.git`; the text of the request has the three headings, with a sentence under each.",
            ),
        ),
        _contributed,
    ),
)

DOJO = Dojo("git", ("git 道场", "The git dojo"), NAMES, STEPS, build, draw, needs="git")
