"""The learner's file: begun whole or not at all, merged without losing a line, reset and restored to the byte."""

import codecs
import contextlib
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from minicourse import Mini, obstruct

from coach import files
from coach.answers import bases, learner, leftovers, merge, snapshots
from coach.answers.translate import left_over
from coach.course.release import PAST
from coach.words import Trouble

NUMBERS = "part0_numbers"
DOUBLED = ('"""Twice `x`."""\n    raise NotImplementedError', '"""Twice `x`."""\n    return x + x  # 我的')


def revise(mini: Mini, *changes: tuple[str, str], name: str = NUMBERS) -> None:
    """The course changes the lesson."""
    path = mini.lesson(name).solutions
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8", newline="\n")


def begun(mini: Mini, *changes: tuple[str, str], lang: str = "en") -> Path:
    """A file as `start` makes it and the learner changes it."""
    assert learner.start(mini.workspace, mini.lesson(NUMBERS), lang)
    path = mini.lesson(NUMBERS).answers
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def update(mini: Mini) -> learner.Updated:
    return learner.update(mini.workspace, mini.lesson(NUMBERS))


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=learner", "-c", "user.email=learner@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *who, *arguments]
    subprocess.run(command, check=True, capture_output=True, env=merge.git_environment())


def committed(mini: Mini) -> None:
    if not (mini.root / ".git").exists():
        git(mini.root, "init", "-q")
    git(mini.root, "add", "chapter0_fundamentals/exercises/part0_numbers/solutions.py")
    git(mini.root, "commit", "-q", "-m", "a lesson")


# start


def test_start_writes_the_view(mini: Mini):
    path = begun(mini, lang="zh")
    text = path.read_bytes().decode("utf-8")
    assert text == mini.lesson(NUMBERS).view("zh")
    assert "练习 · 加倍" in text and "Exercise · doubling" not in text


def test_start_never_overwrites(mini: Mini):
    path = mini.lesson(NUMBERS).answers
    path.write_bytes(b"mine")
    assert not learner.start(mini.workspace, mini.lesson(NUMBERS), "en")
    assert path.read_bytes() == b"mine"


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system with hard links, and on one without."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no hard links here")

    if request.param == "no links":
        monkeypatch.setattr(os, "link", refuse)


def test_start_never_overwrites_what_appears_meanwhile(mini: Mini, monkeypatch: pytest.MonkeyPatch, links: None):
    path = mini.lesson(NUMBERS).answers
    store = bases.store

    def slow_store(*arguments: object) -> None:
        store(*arguments)  # type: ignore[arg-type]
        path.write_bytes(b"mine")

    monkeypatch.setattr(bases, "store", slow_store)
    assert not learner.start(mini.workspace, mini.lesson(NUMBERS), "en")
    assert path.read_bytes() == b"mine" and not list(path.parent.glob(".*.tmp"))


def test_start_writes_the_whole_view_and_leaves_nothing_beside_it(mini: Mini, links: None):
    assert learner.start(mini.workspace, mini.lesson(NUMBERS), "en")
    assert mini.lesson(NUMBERS).answers.read_text(encoding="utf-8") == mini.lesson(NUMBERS).view("en")
    assert not list(mini.lesson(NUMBERS).folder.glob(".*.tmp"))


KILLED = """
import os, sys, time
from pathlib import Path
from coach.answers import learner
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace

real, stage = {"fsync": os.fsync, "link": os.link}, sys.argv[1]

def stop(*arguments, **named):
    target = os.readlink(f"/proc/self/fd/{arguments[0]}") if stage == "fsync" else str(arguments[1])
    if "answers.py" in target:
        print("there", flush=True)
        time.sleep(60)
    return real[stage](*arguments, **named)

setattr(os, stage, stop)
lesson = Lesson(Path(sys.argv[2]))
learner.start(Workspace(Path(sys.argv[3])), lesson, "en")
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux which file is being written")
@pytest.mark.parametrize("stage", ["fsync", "link"])
def test_start_killed_half_way_leaves_nothing(mini: Mini, stage: str):
    lesson = mini.lesson(NUMBERS)
    command = [sys.executable, "-c", KILLED, stage, str(lesson.folder), str(mini.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=mini.workspace.environment()) as process:
        assert process.stdout and process.stdout.readline().strip() == b"there"
        process.send_signal(signal.SIGKILL)
    assert not lesson.answers.exists()
    assert learner.start(mini.workspace, lesson, "en")
    assert lesson.answers.read_text(encoding="utf-8") == lesson.view("en")


def test_start_killed_at_any_moment_leaves_nothing_or_all(mini: Mini):
    lesson = mini.lesson("part1_boxes")
    script = (
        "import sys\nfrom pathlib import Path\nfrom coach.files import create\nfrom coach.course.lesson import Lesson\n"
    )
    script += "data = Lesson(Path(sys.argv[1])).text.encode() * 2000\nprint(1, flush=True)\n"
    script += "create(Path(sys.argv[1], 'answers.py'), data)\n"
    whole = lesson.text.encode("utf-8") * 2000
    for delay in (0.0, 0.002, 0.005, 0.01):
        command = [sys.executable, "-c", script, str(lesson.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=mini.workspace.environment()) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
        if lesson.answers.exists():
            assert lesson.answers.read_bytes() == whole
            lesson.answers.unlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and needs a right for links")
@pytest.mark.parametrize("act", ["start", "update", "reset", "undo"])
@pytest.mark.parametrize("odd", ["folder", "pipe", "link", "loop"])
def test_what_stands_in_the_way_is_named_and_left_alone(mini: Mini, odd: str, act: str):
    path = mini.lesson(NUMBERS).answers
    snapshots.take(mini.workspace, mini.lesson(NUMBERS), "reset", b"old")
    obstruct(path, odd)
    before = os.lstat(path)
    acts = {
        "start": lambda: learner.start(mini.workspace, mini.lesson(NUMBERS), "en"),
        "update": lambda: update(mini),
        "reset": lambda: reset(mini, "double"),
        "undo": lambda: learner.undo(mini.workspace),
    }
    with pytest.raises(Trouble, match="move it away or rename it"):
        acts[act]()
    assert os.lstat(path).st_ino == before.st_ino and os.lstat(path).st_mode == before.st_mode


# update


def test_update_brings_what_is_new_and_keeps_what_is_written(mini: Mini):
    path = begun(mini, DOUBLED)
    revise(mini, ("The first sentence.", "A better sentence."), ("Return it twice over.", "Return it, and again."))
    done = update(mini)
    text = path.read_text(encoding="utf-8")
    assert done.changed and not done.skipped and done.base == "kept"
    assert "A better sentence." in text and "Return it, and again." in text and "return x + x  # 我的" in text
    assert not update(mini).changed


def test_update_of_an_untouched_file_gives_the_new_view(mini: Mini):
    path = begun(mini, lang="zh")
    revise(mini, ("第一句。", "更好的一句。"), ("return 2 * x", "return x * 2"))
    assert update(mini).changed
    assert path.read_text(encoding="utf-8") == mini.lesson(NUMBERS).view("zh")


def test_where_both_changed_a_line_the_learners_stays_and_the_rest_is_reported(mini: Mini):
    mine = ("# The first sentence.", "# My own sentence.")
    path = begun(mini, mine, DOUBLED)
    revise(mini, ("The first sentence.", "A better sentence."), ("The sum of `values`.", "What `values` add up to."))
    done = update(mini)
    text = path.read_text(encoding="utf-8")
    assert "# My own sentence." in text and "A better sentence." not in text and "What `values` add up to." in text
    assert [(s.lesson, s.learner) for s in done.skipped] == [("# A better sentence.\n", "# My own sentence.\n")]
    assert text.split("\n")[done.skipped[0].line - 1] == "# My own sentence."


def test_conflict_markers_in_the_learners_file_are_text_like_any_other(mini: Mini):
    marks = "<<<<<<< ours\n=======\n>>>>>>> theirs\n========\n" + "=" * 60 + "\n"
    path = begun(mini, ("# The first sentence.\n", marks))
    revise(mini, ("The first sentence.", "A better sentence."), ("The sum of", "The total of"))
    done = update(mini)
    text = path.read_text(encoding="utf-8")
    assert marks in text and "The total of" in text
    assert [skipped.learner for skipped in done.skipped] == [marks]


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_update_keeps_newlines_byte_order_mark_and_the_end(mini: Mini, newline: str, mark: bytes, final: bool):
    path = begun(mini, DOUBLED)
    text = path.read_text(encoding="utf-8")
    path.write_bytes(mark + (text if final else text.removesuffix("\n")).replace("\n", newline).encode("utf-8"))
    revise(mini, ("The first sentence.", "A better sentence.\n#\n# And one more."))
    assert not update(mini).skipped
    data = path.read_bytes()
    assert data.startswith(codecs.BOM_UTF8) == bool(mark)
    assert data.endswith(newline.encode()) == final
    body = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    assert "And one more." in body and body.count("\n") == body.count(newline)
    new = text.replace("# The first sentence.", "# A better sentence.\n#\n# And one more.")
    assert body.replace("\r\n", "\n") == (new if final else new.removesuffix("\n"))


def test_lines_with_the_other_newline_stay_as_they_are(mini: Mini):
    path = begun(mini)
    data = path.read_bytes().replace(b'    """Twice `x`."""\n', b'    """Twice `x`."""\r\n')
    path.write_bytes(data)
    revise(mini, ("The first sentence.", "A better sentence."))
    update(mini)
    assert path.read_bytes() == data.replace(b"The first sentence.", b"A better sentence.")


def random_edits(text: str, dice: random.Random, who: str) -> str:
    """`text` with a few lines put in, changed or left out."""
    lines = text.split("\n")
    for number in range(dice.randint(1, 8)):
        at = dice.randrange(len(lines))
        new = f"# {who} {number} {dice.random()}"
        kind = dice.choice(["in", "in", "change", "out"])
        lines[at : at + (kind != "in")] = [new] * (kind != "out")
    return "\n".join(lines)


def test_every_line_of_the_learner_survives_whatever_both_have_done(mini: Mini):
    base = mini.lesson(NUMBERS).view("en")
    for seed in range(40):
        dice = random.Random(seed)
        ours, theirs = random_edits(base, dice, "learner"), random_edits(base, dice, "course")
        result = merge.merged(ours, base, theirs)
        own = Counter(ours.split("\n")) - Counter(base.split("\n"))
        assert own <= Counter(result.text.split("\n")), seed
        in_order = iter(result.text.split("\n"))
        assert all(line in in_order for line in ours.split("\n") if line in own), seed
        everything = result.text + "".join(skipped.lesson for skipped in result.skipped)
        new = Counter(theirs.split("\n")) - Counter(base.split("\n"))
        assert all(line in everything for line in new), seed
        for skipped in result.skipped:
            start = skipped.line - 1
            kept = skipped.learner.split("\n")[:-1]
            assert result.text.split("\n")[start : start + len(kept)] == kept, seed


def test_a_merge_of_empty_texts():
    assert merge.merged("", "", "").text == ""
    assert merge.merged("", "", "a\n").text == "a\n"
    assert merge.merged("a", "a", "a\nb\n").text == "a\nb"


def test_update_again_after_it_was_cut_off_changes_nothing_more(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = begun(mini, DOUBLED)
    revise(mini, ("The first sentence.", "A better sentence."))
    with monkeypatch.context() as patch:
        patch.setattr(bases, "store", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            update(mini)
    once = path.read_bytes()
    assert b"A better sentence." in once
    done = update(mini)
    assert not done.changed and not done.skipped and path.read_bytes() == once


def test_what_is_saved_while_an_update_runs_stays(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = begun(mini)
    revise(mini, ("The first sentence.", "A better sentence."))
    beside = snapshots.beside

    def and_the_learner_saves(*arguments: object) -> Path:
        path.write_bytes(b"# saved this moment\n")
        return beside(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshots, "beside", and_the_learner_saves)
    with pytest.raises(Trouble, match="try again"):
        update(mini)
    assert path.read_bytes() == b"# saved this moment\n"
    assert snapshots.last(mini.workspace) is None and not list(path.parent.glob(".*.tmp*"))


# the base, found again


@pytest.mark.parametrize("harm", ["gone", "cut", "changed", "other"])
def test_a_lost_base_is_found_in_history(mini: Mini, harm: str):
    committed(mini)
    path = begun(mini, DOUBLED)
    revise(mini, ("The first sentence.", "A better sentence."))
    committed(mini)
    revise(mini, ("A better sentence.", "The best sentence."))
    committed(mini)
    base = mini.workspace.memory / "bases" / f"{NUMBERS}.json"
    if harm == "gone":
        shutil.rmtree(mini.workspace.memory)
    elif harm == "cut":
        base.write_bytes(base.read_bytes()[:200])
    elif harm == "changed":
        base.write_bytes(base.read_bytes().replace(b"first sentence", b"worst sentence"))
    else:
        bases.store(mini.workspace, mini.lesson(NUMBERS), "zh", mini.lesson(NUMBERS).view("zh"))
    done = update(mini)
    text = path.read_text(encoding="utf-8")
    assert done.base == "history" and not done.skipped
    assert "The best sentence." in text and "return x + x  # 我的" in text


@pytest.mark.parametrize("known", ["history", "release"])
def test_a_version_that_cannot_be_read_is_no_base(mini: Mini, known: str):
    path, solutions = begun(mini, DOUBLED), mini.lesson(NUMBERS).solutions
    first = solutions.read_text(encoding="utf-8")
    slip = first.replace('tags=["hint"]', 'tags="hint"')
    assert slip != first
    texts = [first, slip, first.replace("The first sentence.", "The best sentence.")]
    for text in texts:
        solutions.write_text(text, encoding="utf-8", newline="\n")
        if known == "history":
            committed(mini)
    if known == "release":
        with zipfile.ZipFile(mini.root / PAST, "w") as archive:
            for number, text in enumerate(reversed(texts)):
                archive.writestr(f"0.{9 - number}.0/{NUMBERS}.py", text)
    shutil.rmtree(mini.workspace.memory)
    done = update(mini)
    text = path.read_text(encoding="utf-8")
    assert done.base == known and not done.skipped
    assert "The best sentence." in text and "return x + x  # 我的" in text


def test_without_history_the_lesson_of_today_is_the_base_and_says_so(mini: Mini):
    path = begun(mini, DOUBLED)
    before = path.read_bytes()
    revise(mini, ("The first sentence.", "A better sentence."))
    shutil.rmtree(mini.workspace.memory)
    done = update(mini)
    assert done.base == "current" and not done.changed and path.read_bytes() == before
    revise(mini, ("The sum of `values`.", "What `values` add up to."))
    assert update(mini).base == "kept" and b"What `values` add up to." in path.read_bytes()


def test_the_language_is_the_files_not_the_systems(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = begun(mini, lang="zh")
    shutil.rmtree(mini.workspace.memory)
    committed(mini)
    revise(mini, ("第一句。", "更好的一句。"))
    monkeypatch.setenv("COACH_LANG", "en")
    assert update(mini).changed
    assert path.read_text(encoding="utf-8") == mini.lesson(NUMBERS).view("zh")


@pytest.mark.parametrize("known", ["kept", "history"])
def test_without_prose_and_in_another_language_the_base_is_found(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, known: str
):
    committed(mini)
    path = begun(mini, lang="zh")
    cells = path.read_text(encoding="utf-8").split("# %%")
    code = "# %%".join(cell for cell in cells if "[markdown]" not in cell)
    path.write_text(
        code.replace("raise NotImplementedError", "return x + x  # mine", 1), encoding="utf-8", newline="\n"
    )
    if known == "history":
        shutil.rmtree(mini.workspace.memory)
    revise(mini, ("The sum of `values`.", "What `values` add up to."), ("第一句。", "更好的一句。"))
    monkeypatch.setenv("COACH_LANG", "en")
    done = update(mini)
    text = path.read_text(encoding="utf-8")
    assert done.base == known and "What `values` add up to." in text and "return x + x  # mine" in text
    assert "[markdown]" not in text and bases.kept_language(mini.workspace, mini.lesson(NUMBERS)) == (
        "zh" if known == "kept" else "en"
    )


def test_without_git_an_update_says_so(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = begun(mini)
    before = path.read_bytes()
    revise(mini, ("The first sentence.", "A better sentence."))
    monkeypatch.setenv("PATH", str(mini.root))
    with pytest.raises(Trouble, match="git"):
        update(mini)
    assert path.read_bytes() == before


GITS = {  # what a git that fails does, all but the real one's work
    "in silence": "STATUS",
    "with words": "echo invalid active developer path >&2; STATUS",
    "cut off": 'GIT "$@" | head -c 40; STATUS',
    "without its end": 'GIT "$@" | head -n -1; STATUS',
    "its help": "echo usage: git; STATUS",
}


@pytest.mark.skipif(os.name == "nt", reason="the git that fails is a shell script")
@pytest.mark.parametrize("how", GITS)
@pytest.mark.parametrize("conflict", [False, True])
def test_a_git_that_fails_loses_nothing_whatever_its_status(
    mini: Mini, tmp_path, monkeypatch, how: str, conflict: bool
):
    path = begun(mini, DOUBLED)
    call = "    tests.test_double(double)"
    revise(mini, ("Twice `x`.", "Two times `x`.") if conflict else (call, f"{call}  # the test"))
    before, real, fake = path.read_bytes(), str(shutil.which("git")), tmp_path / "bin" / "git"
    fake.parent.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(fake.parent), os.environ["PATH"]]))
    statuses = ["exit " + str(n) for n in (0, 1, 2, 69, 126, 127, 128, 255)] + ["kill -9 $$", "kill -15 $$"]
    for status in statuses:
        fake.write_text("#!/bin/sh\n" + GITS[how].replace("GIT", real).replace("STATUS", status) + "\n")
        fake.chmod(0o755)
        for act in ("", "zh"):
            with pytest.raises(Trouble, match="git could not merge.*as it was"):
                learner.update(mini.workspace, mini.lesson(NUMBERS), act)
            assert path.read_bytes() == before and not leftovers_of(mini)
    fake.unlink()
    assert update(mini).changed != conflict


def test_as_many_conflicts_as_git_can_count_and_more():
    for number in (1, 126, 127, 128, 300):
        base, ours, theirs = (
            "".join(f"{who} {i}\n" + f"# {i}\n" * 9 for i in range(number)) for who in ("a", "b", "c")
        )
        done = merge.merged(ours, base, theirs)
        assert done.text == ours and len(done.skipped) == number


BROKEN = {
    "empty": lambda text: "",
    "one line": lambda text: text.replace("\n", " "),
    "a failed merge": lambda text: text.replace("def total", "<<<<<<< ours\n=======\n>>>>>>> theirs\ndef total"),
    "zeros": lambda text: text[:500] + "\0" * 500,
    **{f"cut at {tenth}/10": lambda text, tenth=tenth: text[: len(text) * tenth // 10] for tenth in range(1, 10)},
}


@pytest.mark.parametrize("lang", ["", "zh"])
@pytest.mark.parametrize("how", BROKEN)
def test_from_a_broken_lesson_no_update_comes(mini: Mini, how: str, lang: str):
    path = begun(mini, DOUBLED)
    before, solutions = path.read_bytes(), mini.lesson(NUMBERS).solutions
    whole = solutions.read_text(encoding="utf-8")
    solutions.write_text(BROKEN[how](whole), encoding="utf-8", newline="\n")
    with pytest.raises(Trouble, match="git restore solutions.py"):
        learner.update(mini.workspace, mini.lesson(NUMBERS), lang)
    assert path.read_bytes() == before
    solutions.write_text(whole, encoding="utf-8", newline="\n")
    assert not update(mini).changed


def test_a_hooks_git_dir_leads_nowhere(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    begun(mini)
    monkeypatch.setenv("GIT_DIR", str(mini.root / "nowhere"))
    revise(mini, ("The first sentence.", "A better sentence."))
    assert update(mini).changed


@pytest.mark.parametrize("act", ["update", "reset"])
def test_a_file_in_gbk_is_left_alone(mini: Mini, act: str):
    path = begun(mini, DOUBLED, lang="zh")
    data = path.read_text(encoding="utf-8").replace("·", "").encode("gbk")
    path.write_bytes(data)
    revise(mini, ("第一句。", "更好的一句。"))
    with pytest.raises(Trouble, match="UTF-8"):
        update(mini) if act == "update" else learner.reset(mini.workspace, mini.lesson(NUMBERS), "double")
    assert path.read_bytes() == data and snapshots.last(mini.workspace) is None


@pytest.mark.parametrize("act", ["update", "reset"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n"])
def test_a_file_with_a_lone_cr_for_every_line_is_left_alone(mini: Mini, act: str, last: bytes):
    path = begun(mini, DOUBLED)
    revise(mini, ("The first sentence.", "A better sentence."))
    data = path.read_bytes().replace(b"\n", b"\r") + last
    path.write_bytes(data)
    with pytest.raises(Trouble, match="choose LF"):
        update(mini) if act == "update" else reset(mini, "double")
    assert path.read_bytes() == data
    assert learner.line_of(mini.lesson(NUMBERS), "double") == data[: data.index(b"# %% exercise")].count(b"\r") + 1
    assert any("return x + x" in line for line in learner.learners_cell(mini.lesson(NUMBERS), "double"))


def test_a_read_only_file_is_left_alone(mini: Mini):
    path = begun(mini, DOUBLED)
    before = path.read_bytes()
    path.chmod(0o444)
    revise(mini, ("The first sentence.", "A better sentence."))
    with pytest.raises(Trouble, match="read-only"):
        update(mini)
    with pytest.raises(Trouble, match="read-only"):
        learner.reset(mini.workspace, mini.lesson(NUMBERS), "double")
    assert path.read_bytes() == before and snapshots.last(mini.workspace) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither")
def test_permissions_and_links_stay(mini: Mini):
    path = begun(mini)
    target = mini.root / "elsewhere.py"
    path.rename(target)
    path.symlink_to(target)
    target.chmod(0o664)
    revise(mini, ("The first sentence.", "A better sentence."))
    update(mini)
    assert path.is_symlink() and "A better" in target.read_text(encoding="utf-8")
    assert target.stat().st_mode & 0o777 == 0o664


# reset


def reset(mini: Mini, exercise: str) -> learner.Reset:
    return learner.reset(mini.workspace, mini.lesson(NUMBERS), exercise)


def test_reset_restores_one_cell_and_nothing_else(mini: Mini):
    path = begun(mini, DOUBLED, ("result = value", "result += value"), ("# The first sentence.", "# mine"))
    done = reset(mini, "double")
    text = path.read_text(encoding="utf-8")
    view = mini.lesson(NUMBERS).view("en").replace("# The first sentence.", "# mine")
    assert text == view.replace("result = value", "result += value")
    assert done.stub.how == "cell" and text.split("\n")[done.stub.line - 1].startswith('# %% exercise="double"')


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("exercise", ["double", "total", "mean"])
def test_reset_works_in_a_file_that_does_not_parse(mini: Mini, exercise: str, newline: str):
    path = begun(mini)
    whole = path.read_text(encoding="utf-8")
    broken = whole.replace("raise NotImplementedError", "return ((((").replace("result = value", "result = = value")
    path.write_bytes(broken.replace("\n", newline).encode("utf-8"))
    assert reset(mini, exercise).stub.how == "cell"
    first = path.read_bytes().decode("utf-8")
    assert first.count("\n") == first.count(newline) == whole.count("\n")
    for other in {"double", "total", "mean"} - {exercise}:
        assert reset(mini, other).kept
    assert path.read_bytes().decode("utf-8").replace("\r\n", "\n") == whole


def test_reset_finds_a_definition_whose_marker_is_gone(mini: Mini):
    marker = '# %% exercise="total" difficulty=2 importance=3 minutes=10\n'
    path = begun(
        mini, (marker, "# note\n\n@cache\n"), ("raise NotImplementedError\n\n\nif", "return 2\n\n\nhelp = 1\nif")
    )
    done = reset(mini, "total")
    text = path.read_text(encoding="utf-8")
    assert done.stub.how == "definition" and "@cache" not in text
    expected = '# note\n\n# %% exercise="total" difficulty=2 importance=3 minutes=10\ndef total('
    assert expected in text and text.count("tests.test_total(total)") == 1 and "help = 1" in text
    assert text.split("\n")[done.stub.line - 1] == marker.strip()


@pytest.mark.parametrize("final", ["\n", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_reset_appends_what_is_nowhere(mini: Mini, newline: str, final: str):
    path = begun(mini)
    path.write_bytes(f"# %%{newline}x = (((  # mine{final and newline}".encode())
    done = reset(mini, "total")
    text = path.read_bytes().decode("utf-8")
    assert done.stub.how == "appended" and text.startswith(
        f"# %%{newline}x = (((  # mine{newline}{newline}# %% exercise="
    )
    assert text.count("\n") == text.count(newline) and text.split(newline)[done.stub.line - 1].startswith(
        "# %% exercise="
    )
    assert "def total" in text and text.endswith(newline)


def test_reset_of_the_last_cell_keeps_a_missing_last_newline(mini: Mini):
    path = mini.begin("part2_later", ("raise NotImplementedError", "return 0"))
    path.write_bytes(path.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))
    learner.reset(mini.workspace, mini.lesson("part2_later"), "opposite")
    view = mini.lesson("part2_later").view("en").rstrip("\n").replace("\n", "\r\n")
    assert path.read_bytes().decode("utf-8") == view


def test_reset_leaves_a_neighbour_whose_marker_was_deleted(mini: Mini):
    path = begun(mini, DOUBLED)
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if not line.startswith("# %%") or '"double"' in line]
    text = (
        "\n".join(lines)
        .replace("def total", "@cache\ndef total")
        .replace("raise NotImplementedError", "return sum(values)")
    )
    path.write_text(text, encoding="utf-8", newline="\n")
    reset(mini, "double")
    after = path.read_text(encoding="utf-8")
    assert "return sum(values)" in after and "@cache\ndef total" in after and "x + x" not in after
    assert after.count("def double") == 1 and "def mean" in after


def test_reset_of_what_is_its_stub_already_keeps_no_snapshot(mini: Mini):
    begun(mini)
    assert reset(mini, "double").kept is None and snapshots.last(mini.workspace) is None


HELPED = (
    "def double(x: float) -> float:",
    "SCALE = 2\n\n\n@cache\ndef my_half(x):\n    return x / SCALE\n\n\ndef double(x: float) -> float:",
)


@pytest.mark.parametrize(
    "line", ["return my_half(x) * 4", "return ((((", 'text = """unclosed', "x = = 1", "return 1\n    # a trial"]
)
def test_reset_leaves_the_helpers_in_the_exercises_cell(mini: Mini, line: str):
    path = begun(
        mini, HELPED, ("raise NotImplementedError", line), ("tests.test_double(double)", "print(double(3))  # mine")
    )
    done = reset(mini, "double")
    text = path.read_text(encoding="utf-8")
    view = mini.lesson(NUMBERS).view("en").replace(*HELPED, 1)
    assert text == view.replace("tests.test_double(double)", "print(double(3))  # mine")
    assert not done.stub.others and not done.stub.hidden_by


def test_reset_leaves_a_broken_helper(mini: Mini):
    path = begun(
        mini, (HELPED[0], HELPED[1].replace("/ SCALE", "/ / SCALE")), ("raise NotImplementedError", "return 1")
    )
    reset(mini, "double")
    assert "return x / / SCALE" in path.read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8").count("raise NotImplementedError") == 2


COPY = "# %%\ndef double(x):\n    return 2 * x  # the copy\n\n# %% [markdown]"


@pytest.mark.parametrize("broken", [False, True])
def test_of_two_definitions_the_one_in_force_is_reset(mini: Mini, broken: bool):
    path = begun(
        mini, ('# %% [markdown] lang="en"\n# ### Exercise · a sum', COPY + ' lang="en"\n# ### Exercise · a sum')
    )
    if broken:
        path.write_bytes(path.read_bytes().replace(b"result = value", b"result = = value"))
    done = reset(mini, "double")
    text = path.read_text(encoding="utf-8")
    assert "# the copy" not in text and text.count("def double") == 2 and text.count('exercise="double"') == 1
    lines = text.split("\n")
    assert lines[done.stub.line - 1].startswith("def double") and done.stub.how == "definition"
    assert [lines[line - 1] for line in done.stub.others] == ["def double(x: float) -> float:"]


def test_of_two_definitions_in_one_cell_the_last_is_reset(mini: Mini):
    path = begun(mini, ("\n\nif __name__", "\n\ndef double(x):\n    return 1  # again\n\n\nif __name__"))
    done = reset(mini, "double")
    assert "# again" not in path.read_text(encoding="utf-8") and len(done.stub.others) == 1


@pytest.mark.parametrize("line", ["from math import sqrt as double", "if True:\n    double = float"])
def test_reset_says_what_else_is_in_force(mini: Mini, line: str):
    path = begun(mini, DOUBLED)
    path.write_bytes(path.read_bytes() + f"\n# %%\n{line}\n".encode())
    done = reset(mini, "double")
    assert "double" in path.read_text(encoding="utf-8").split("\n")[done.stub.hidden_by - 1]


@pytest.mark.parametrize(
    "body",
    [
        '"""Twice `x`.\n\n# %% not a cell\nmore\n    """\n    return x + x',
        "text = f'''\n# %%\n{x}'''\n    return x + x",
        "return x + x\n\n\n# %%capture\n# %%time\nhelp = 1",
    ],
)
def test_a_line_that_only_looks_like_a_marker_cuts_nothing(mini: Mini, body: str):
    path = begun(mini, (DOUBLED[0], body))
    reset(mini, "double")
    text = path.read_text(encoding="utf-8")
    compile(text, "answers.py", "exec")
    assert text.count("raise NotImplementedError") == 2 and "return x + x" not in text
    assert ("help = 1" in text) == ("help = 1" in body)


def test_reset_brings_back_what_was_deleted_from_the_cell(mini: Mini):
    path = begun(mini)
    whole = path.read_text(encoding="utf-8")
    body = whole[whole.index("def double") : whole.index('if __name__ == "__main__":\n    tests.test_double')]
    for gone in (
        body,
        whole[whole.index("\n\nif __name__") : whole.index("# %% [markdown]", whole.index("test_double"))],
    ):
        path.write_text(whole.replace(gone, "\n", 1), encoding="utf-8", newline="\n")
        reset(mini, "double")
        after = path.read_text(encoding="utf-8")
        assert [line for line in after.split("\n") if line] == [line for line in whole.split("\n") if line]


def test_reset_before_the_start_says_how_to_start(mini: Mini):
    with pytest.raises(Trouble, match="coach start 0"):
        reset(mini, "double")


# undo


def test_undo_goes_back_byte_for_byte_and_further(mini: Mini):
    path = begun(mini)
    odd = codecs.BOM_UTF8 + path.read_bytes().replace(b"raise NotImplementedError", b"x = 1\r\n    y = 2 \t", 1) + b"#"
    path.write_bytes(odd)
    reset(mini, "double")
    second = path.read_bytes().replace(b"The sum of", b"A sum of")
    path.write_bytes(second)
    revise(mini, ("The first sentence.", "A better sentence."))
    update(mini)
    third = path.read_bytes() + b"# after\n"
    path.write_bytes(third)

    done = learner.undo(mini.workspace)
    assert path.read_bytes() == second and done.before == "update"
    assert done.kept and done.kept.read_bytes() == third
    done = learner.undo(mini.workspace)
    assert path.read_bytes() == odd and done.before == "reset"
    assert done.kept and done.kept.read_bytes() == second
    with pytest.raises(Trouble, match="nothing to undo"):
        learner.undo(mini.workspace)


VALUES = [5, 1.5, True, None, [], ["x"], {}, "", "x", "\ud800"]


@pytest.mark.parametrize("key", ["base", "base_after", "temporary"])
@pytest.mark.parametrize("value", [*VALUES, "VICTIM"])
def test_a_note_of_the_wrong_kind_is_as_none(mini: Mini, key: str, value: object):
    path = begun(mini, DOUBLED)
    victim = mini.root / "thesis.txt"
    victim.write_text("mine")
    before = path.read_bytes()
    reset(mini, "double")
    (kept,) = (mini.workspace.memory / "snapshots").glob("*/*.py")
    note = kept.with_suffix(".json")
    for pending in (True, False):
        note.write_text(json.dumps({key: str(victim) if value == "VICTIM" else value}))
        if pending:
            kept.rename(f"{kept}.pending")
            leftovers.clear(mini.workspace)
            assert kept.exists() and victim.exists()
    learner.undo(mini.workspace)
    assert path.read_bytes() == before and victim.exists()


def test_undo_takes_the_lesson_changed_last_or_the_one_named(mini: Mini):
    numbers, boxes = begun(mini, DOUBLED), mini.begin("part1_boxes", ("raise NotImplementedError", "return 1"))
    was = numbers.read_bytes(), boxes.read_bytes()
    learner.reset(mini.workspace, mini.lesson("part1_boxes"), "size")
    reset(mini, "double")
    assert learner.undo(mini.workspace).lesson.name == NUMBERS
    assert numbers.read_bytes() == was[0] and boxes.read_bytes() != was[1]
    reset(mini, "double")
    learner.undo(mini.workspace, mini.lesson("part1_boxes"))
    assert boxes.read_bytes() == was[1] and numbers.read_bytes() != was[0]


def test_undo_brings_back_a_deleted_file(mini: Mini):
    path = begun(mini, DOUBLED)
    was = path.read_bytes()
    reset(mini, "double")
    path.unlink()
    assert learner.undo(mini.workspace).kept is None
    assert path.read_bytes() == was


def test_an_undo_cut_off_at_its_end_and_run_again_goes_back_one_step(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = begun(mini, DOUBLED, ("result = value", "result += value"))
    first = path.read_bytes()
    reset(mini, "double")
    second = path.read_bytes()
    reset(mini, "mean")
    with monkeypatch.context() as patch:
        patch.setattr(snapshots.Snapshot, "drop", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            learner.undo(mini.workspace)
    assert path.read_bytes() == second
    assert learner.undo(mini.workspace).kept is None and path.read_bytes() == second
    learner.undo(mini.workspace)
    assert path.read_bytes() == first
    with pytest.raises(Trouble, match="nothing to undo"):
        learner.undo(mini.workspace)


def test_after_an_undo_the_same_update_comes_in_again(mini: Mini):
    path = begun(mini, DOUBLED)
    was = path.read_bytes()
    revise(mini, ("The first sentence.", "A better sentence."))
    for _ in range(3):
        assert update(mini).changed and b"A better sentence." in path.read_bytes()
        learner.undo(mini.workspace)
        assert path.read_bytes() == was


def test_undoing_two_updates_goes_back_two_bases(mini: Mini):
    path = begun(mini, DOUBLED)
    was = path.read_bytes()
    for old, new in (("The first sentence.", "A better sentence."), ("A better sentence.", "The best sentence.")):
        revise(mini, (old, new))
        update(mini)
    learner.undo(mini.workspace)
    learner.undo(mini.workspace)
    assert path.read_bytes() == was
    assert update(mini).changed and b"The best sentence." in path.read_bytes()


def test_an_undo_gives_back_that_no_base_was_known(mini: Mini):
    committed(mini)
    path = begun(mini, DOUBLED)
    revise(mini, ("The first sentence.", "A better sentence."))
    shutil.rmtree(mini.workspace.memory)
    assert update(mini).base == "history"
    learner.undo(mini.workspace)
    assert update(mini).base == "history" and b"A better sentence." in path.read_bytes()


# what is cut off, or comes between


def broken_at(monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(snapshots, place, fail)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "Ctrl+C"])
@pytest.mark.parametrize("place", ["beside", "create", "hold", "put"])
@pytest.mark.parametrize("act", ["reset", "update"])
def test_what_failed_leaves_nothing_to_undo(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, act: str, place: str, error: BaseException
):
    path = begun(mini, DOUBLED)
    before = path.read_bytes()
    revise(mini, ("The first sentence.", "A better sentence."))
    with monkeypatch.context() as patch:
        broken_at(patch, place, error)
        with pytest.raises(type(error)):
            update(mini) if act == "update" else reset(mini, "double")
    assert path.read_bytes() == before and not leftovers_of(mini)
    with pytest.raises(Trouble, match="nothing to undo"):
        learner.undo(mini.workspace)
    assert update(mini).changed and reset(mini, "double").kept


def leftovers_of(mini: Mini) -> list[Path]:
    memory = [p for p in mini.workspace.memory.rglob("*") if p.is_file() and p.parent.name != "bases"]
    beside = mini.lesson(NUMBERS).folder.glob(".answers*")
    return [*beside, *(p for p in memory if p.name not in ("lock", "state.json"))]


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from coach import files
from coach.answers import bases, learner, snapshots
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace

act, module, name, when = sys.argv[1:5]
module = {"snapshots": snapshots, "bases": bases, "files": files, "os": os}[module]
real = getattr(module, name)

def killed(*arguments, **named):
    if when == "after":
        real(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(module, name, killed)
workspace, lesson = Workspace(Path(sys.argv[5])), Lesson(Path(sys.argv[6]))
if act == "update":
    learner.update(workspace, lesson)
elif act == "reset":
    learner.reset(workspace, lesson, "double")
else:
    learner.undo(workspace)
"""


SNAPSHOT_STEPS = ("beside", "create", "hold", "put", "settle")


def killed(mini: Mini, act: str, module: str, name: str, when: str) -> None:
    folder = str(mini.lesson(NUMBERS).folder)
    command = [sys.executable, "-c", KILLED_AT, act, module, name, when, str(mini.root), folder]
    done = subprocess.run(command, env=mini.workspace.environment(), check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.skipif(os.name == "nt", reason="kills as Unix does")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("act", "module", "name"),
    [
        *((act, "snapshots", name) for act in ("reset", "update") for name in SNAPSHOT_STEPS),
        ("update", "bases", "put_back"),  # a reset writes no base
    ],
)
def test_a_killed_command_is_settled_by_the_next(mini: Mini, act: str, module: str, name: str, when: str):
    path = begun(mini, DOUBLED)
    before = path.read_bytes()
    revise(mini, ("The first sentence.", "A better sentence."))
    killed(mini, act, module, name, when)
    changed = path.read_bytes() != before
    path.write_bytes(path.read_bytes() + b"# work since\n")  # before any other command is called
    leftovers.clear(mini.workspace)
    assert not list(path.parent.glob(".answers*")) and not snapshots.pending(mini.workspace)
    if not changed:
        assert not leftovers_of(mini)
        with pytest.raises(Trouble, match="nothing to undo"):
            learner.undo(mini.workspace)
        assert path.read_bytes() == before + b"# work since\n"
    else:
        assert learner.undo(mini.workspace).before == act
        assert path.read_bytes() == before
    assert update(mini).changed and b"A better sentence." in path.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="kills as Unix does")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["put", "take"])
def test_a_killed_undo_run_again_goes_back_one_step(mini: Mini, name: str, when: str):
    path = begun(mini, DOUBLED, ("result = value", "result += value"))
    first = path.read_bytes()
    reset(mini, "mean")
    second = path.read_bytes()
    reset(mini, "double")
    third = path.read_bytes()
    killed(mini, "undo", "os" if name == "put" else "snapshots", "replace" if name == "put" else "take", when)
    assert path.read_bytes() == (second if (name, when) == ("put", "after") else third)
    learner.undo(mini.workspace)
    assert path.read_bytes() == second
    learner.undo(mini.workspace)
    assert path.read_bytes() == first and not list(path.parent.glob(".answers*"))


@pytest.mark.parametrize(
    "name", [".answers.py.abcd_123.tmp", ".answers.ipynb.zzzz9999.tmp", ".answers.py.abcd_123.tmp.old"]
)
def test_what_a_killed_command_left_is_cleaned_up(mini: Mini, name: str):
    path = begun(mini)
    (path.parent / name).write_bytes(b"left behind")
    leftovers.clear(mini.workspace)
    assert not (path.parent / name).exists()
    kept = [p.read_bytes() for p in (mini.workspace.memory / "snapshots").rglob("*.py")]
    assert kept == [b"left behind"] * name.endswith(".old"), "what was replaced may be all that is left of it"


@pytest.mark.parametrize(
    "name", [".answers.py.swp", ".answers.py.backup.tmp", "answers.py.abcd_123.tmp", ".answers.py.tmp"]
)
def test_what_is_not_ours_is_left_alone(mini: Mini, name: str):
    path = begun(mini)
    (path.parent / name).write_bytes(b"theirs")
    leftovers.clear(mini.workspace)
    assert (path.parent / name).exists()


def test_what_another_command_is_writing_is_left_alone(mini: Mini):
    path = begun(mini)
    (path.parent / ".answers.py.abcd_123.tmp").write_bytes(b"being written")
    with in_another_process(mini):
        leftovers.clear(mini.workspace)
        assert (path.parent / ".answers.py.abcd_123.tmp").exists()
    leftovers.clear(mini.workspace)
    assert not (path.parent / ".answers.py.abcd_123.tmp").exists()


HOLDER = """
import sys
from pathlib import Path
from coach.files import alone
with alone(Path(sys.argv[1])):
    print("has it", flush=True)
    sys.stdin.readline()
"""


@contextlib.contextmanager
def in_another_process(mini: Mini) -> Iterator[subprocess.Popen[bytes]]:
    """While it lasts, another process has the lock; a line to it ends that."""
    command = [sys.executable, "-c", HOLDER, str(mini.workspace.memory)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=mini.workspace.environment()
    ) as p:
        assert p.stdout and p.stdout.readline().strip() == b"has it"
        yield p


def test_a_command_waits_for_another_or_says_so(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = begun(mini, DOUBLED)
    before = path.read_bytes()
    with in_another_process(mini) as process:
        monkeypatch.setattr(files.alone.__wrapped__, "__defaults__", (0.2,))
        with pytest.raises(Trouble, match="Another coach"):
            reset(mini, "double")
        assert path.read_bytes() == before
        monkeypatch.setattr(files.alone.__wrapped__, "__defaults__", (30.0,))
        threading.Timer(0.3, process.communicate, [b"\n"]).start()
        assert reset(mini, "double").kept


@pytest.mark.parametrize("error", [NotImplementedError("no flock here"), OSError(errno.ENOLCK, "no locks")])
def test_without_locks_it_works_all_the_same(mini: Mini, monkeypatch: pytest.MonkeyPatch, error: Exception):
    import filelock

    def refuse(*_: object, **__: object) -> None:
        raise error

    begun(mini, DOUBLED)
    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    assert reset(mini, "double").kept


RESET = "import sys\nfrom pathlib import Path\nfrom coach.answers import learner\nfrom coach.course.lesson import Lesson\nfrom coach.course.workspace import Workspace\nlearner.reset(Workspace(Path(sys.argv[1])), Lesson(Path(sys.argv[2])), sys.argv[3])\n"


def test_of_two_resets_at_once_both_are_done(mini: Mini):
    path = begun(mini)
    whole = path.read_text(encoding="utf-8")
    for _ in range(3):
        path.write_text(whole.replace("raise NotImplementedError", "return 1"), encoding="utf-8", newline="\n")
        command = [sys.executable, "-c", RESET, str(mini.root), str(path.parent)]
        both = [subprocess.Popen([*command, name], env=mini.workspace.environment()) for name in ("double", "total")]
        assert [process.wait() for process in both] == [0, 0]
        assert path.read_text(encoding="utf-8") == whole


@pytest.mark.skipif(os.name == "nt", reason="an open file can't be replaced there")
@pytest.mark.parametrize("act", ["reset", "update", "undo"])
@pytest.mark.parametrize("how", ["in place", "renamed"])
def test_what_an_editor_saves_in_the_last_moment_is_kept(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, how: str, act: str
):
    path = begun(mini, DOUBLED)
    if act == "undo":
        reset(mini, "double")
    revise(mini, ("The first sentence.", "A better sentence."))
    own = path.read_bytes() + b"# saved in the last moment\n"
    where = learner if act == "undo" else snapshots
    hold, put = where.hold, where.put

    def save_in_place(temporary: Path, target: Path) -> None:
        path.write_bytes(own)
        put(temporary, target)

    def save_by_renaming(target: Path, temporary: Path) -> None:
        (path.parent / "new").write_bytes(own)
        os.replace(path.parent / "new", path)
        hold(target, temporary)

    if how == "in place":
        monkeypatch.setattr(where, "put", save_in_place)
    else:
        monkeypatch.setattr(where, "hold", save_by_renaming)
    done = {
        "reset": lambda: reset(mini, "double"),
        "update": lambda: update(mini),
        "undo": lambda: learner.undo(mini.workspace),
    }[act]()
    monkeypatch.undo()
    saved = done.kept if isinstance(done, learner.Undone) else done.saved
    assert saved and saved.read_bytes() == own
    if act != "undo":
        learner.undo(mini.workspace)
        assert path.read_bytes() == own


def test_snapshots_never_overwrite_one_another(mini: Mini):
    lesson = mini.lesson(NUMBERS)
    paths = [snapshots.take(mini.workspace, lesson, "reset", str(n).encode()) for n in range(12)]
    assert [path.read_bytes() for path in paths] == [str(n).encode() for n in range(12)]
    last = snapshots.last(mini.workspace)
    assert last and last.path == paths[-1]


# the other language


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(("old", "new"), [("en", "zh"), ("zh", "en")])
def test_the_text_changes_its_language_and_the_code_stays(mini: Mini, old: str, new: str, ends: str):
    path = begun(mini, DOUBLED, lang=old)
    path.write_bytes(path.read_bytes().replace(b"\n", ends.encode()))
    before = path.read_bytes()
    done = learner.update(mini.workspace, mini.lesson(NUMBERS), new)
    expected = mini.lesson(NUMBERS).view(new).replace(*DOUBLED, 1).replace("\n", ends)
    assert done.changed and path.read_bytes().decode("utf-8") == expected
    assert learner.update(mini.workspace, mini.lesson(NUMBERS), new).changed is False
    learner.undo(mini.workspace)
    assert path.read_bytes() == before
    assert bases.kept_language(mini.workspace, mini.lesson(NUMBERS)) == old


def test_text_that_the_learner_changed_stays_in_its_language(mini: Mini):
    path = begun(mini, ("# The first sentence.", "# The first sentence. I don't get it.\n# %% [markdown]\n# mine"))
    learner.update(mini.workspace, mini.lesson(NUMBERS), "zh")
    text = path.read_text(encoding="utf-8")
    assert "I don't get it.\n# %% [markdown]\n# mine\n" in text and "练习 · 加倍" in text
    assert left_over(text, "zh") == [1] and left_over(text, "en") == [
        number for number, line in enumerate(text.split("\n"), 1) if 'lang="zh"' in line
    ]


def test_what_is_new_in_the_lesson_comes_in_with_the_other_language(mini: Mini):
    path = begun(mini, DOUBLED)
    revise(mini, ("The first sentence.", "A better sentence."), ("第一句。", "更好的一句。"))
    learner.update(mini.workspace, mini.lesson(NUMBERS), "zh")
    assert path.read_text(encoding="utf-8") == mini.lesson(NUMBERS).view("zh").replace(*DOUBLED, 1)
