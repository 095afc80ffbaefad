"""The learner's file: begun whole or not at all, merged without losing a line, reset and restored to the byte."""

import codecs
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from minicourse import Mini

from coach.answers import bases, learner, merge, snapshots
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


def test_start_never_overwrites_what_appears_meanwhile(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = mini.lesson(NUMBERS).answers
    store = bases.store

    def slow_store(*arguments: object) -> None:
        store(*arguments)  # type: ignore[arg-type]
        path.write_bytes(b"mine")

    monkeypatch.setattr(bases, "store", slow_store)
    assert not learner.start(mini.workspace, mini.lesson(NUMBERS), "en")
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("links", [True, False])
def test_start_never_overwrites_without_hard_links(mini: Mini, monkeypatch: pytest.MonkeyPatch, links: bool):
    if not links:

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError("no hard links here")

        monkeypatch.setattr(os, "link", refuse)
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


def test_without_git_an_update_says_so(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    path = begun(mini)
    before = path.read_bytes()
    revise(mini, ("The first sentence.", "A better sentence."))
    monkeypatch.setenv("PATH", str(mini.root))
    with pytest.raises(Trouble, match="git"):
        update(mini)
    assert path.read_bytes() == before


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


def test_snapshots_never_overwrite_one_another(mini: Mini):
    lesson = mini.lesson(NUMBERS)
    paths = [snapshots.take(mini.workspace, lesson, "reset", str(n).encode()) for n in range(12)]
    assert [path.read_bytes() for path in paths] == [str(n).encode() for n in range(12)]
    last = snapshots.last(mini.workspace)
    assert last and last.path == paths[-1]
