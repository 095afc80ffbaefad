"""The parts that everything stands on: views, cells, the state file, names for things, words for every console."""

import ast
import errno
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from minicourse import LESSONS, Mini, obstruct
from rich.cells import cell_len

from coach import words
from coach.course import percent
from coach.course.lesson import Lesson
from coach.course.percent import cell_span, spoken_in, view, without_solutions
from coach.course.place import hidden_by, place_of
from coach.course.workspace import Workspace
from coach.files import create, write_atomically
from coach.state import State

# lesson


def is_within(lines: list[str], whole: list[str]) -> bool:
    """Whether `whole` with some lines left out is `lines`."""
    rest = iter(whole)
    return all(line in rest for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", LESSONS)
def test_a_view_parses_and_only_leaves_lines_out(name: str, lang: str):
    text = LESSONS[name]["solutions"]
    seen = view(text, lang)
    ast.parse(seen)
    assert is_within([line for line in seen.split("\n") if line.strip() != percent.STUB], text.split("\n"))
    other = "en" if lang == "zh" else "zh"
    assert (
        f'lang="{other}"' not in seen and "# solution" not in seen and '"hint"' not in seen and '"answer"' not in seen
    )
    assert spoken_in(seen) == lang and view(seen, lang) == seen


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    # solution\n    return 1", "def f():\n    raise NotImplementedError"),
        (
            "def f():\n    # solution\n    x = 1\n\n    return x\n\n\ng = 1",
            "def f():\n    raise NotImplementedError\n\n\ng = 1",
        ),
        (
            "class A:\n    def f(self):\n        # solution\n        return 1\n\n    def g(self):\n        # solution\n        return 2",
            "class A:\n    def f(self):\n        raise NotImplementedError\n\n    def g(self):\n        raise NotImplementedError",
        ),
        (
            "def f():\n    if x:\n        # solution\n        y()\n    return 1",
            "def f():\n    if x:\n        raise NotImplementedError\n    return 1",
        ),
        (
            'x = 0\n# solution\nx = 1\n\nif __name__ == "__main__":\n    f(x)',
            'x = 0\n\nif __name__ == "__main__":\n    f(x)',
        ),
        ("x = 0\n\n\n# solution\ndef f():\n    return 1", "x = 0"),
        ("x = '# solution'", "x = '# solution'"),
        ("", ""),
    ],
)
def test_a_solution_becomes_a_bare_raise_and_at_module_level_nothing(source: str, expected: str):
    assert without_solutions(source) == expected


def test_the_model_of_a_lesson(mini: Mini):
    numbers = mini.lesson("part0_numbers")
    assert (numbers.day, numbers.subject) == (0, "numbers")
    assert numbers.title == {"zh": "第 0 天 · 数", "en": "Day 0 · numbers"}
    assert numbers.names == [exercise.name for exercise in numbers.exercises] == ["double", "total", "mean"]
    double, _, mean = numbers.exercises
    assert double.title == {"zh": "加倍", "en": "doubling"} and (double.minutes, double.importance) == (5, 4)
    assert double.hints["zh"] == ["提示一：加法也行。", "提示二：`x + x`。"] and mean.kind == "debug"
    assert [(q.see, q.answer["en"]) for q in numbers.questions] == [("total", "Zero."), ("mean", "It has none.")]
    assert [exercise.bonus for exercise in mini.lesson("part0_words").exercises] == [False, True]


def test_a_folder_without_a_day_is_no_lesson():
    with pytest.raises(ValueError, match="part<day>_<subject>"):
        _ = Lesson(Path("partial")).day


@pytest.mark.parametrize(
    "marker", ['# %% exercise="f"', '#%% minutes=5 exercise="f" kind="debug"', '# %% [code] exercise="f"\r']
)
def test_a_cell_is_found_in_text_that_does_not_parse(marker: str):
    text = f'x = (\n\f# not a line of its own\n{marker}\ndef f(:\n    \x0b\u2028\n#%% mine\n# %% exercise="ff"\n'
    assert cell_span(text, "f") == (2, 5)
    assert cell_span(text, "ff") == (6, 8)
    assert cell_span(text, "g") is None


def test_the_language_of_a_file_is_what_most_of_its_cells_say():
    assert spoken_in("x = 1\n") is None
    assert spoken_in('# %% [markdown] lang="en"\n# %% [markdown] lang="zh"\n#%% [markdown] lang="zh"\n') == "zh"
    assert spoken_in('x = \'# %% lang="zh"\'\n# %% [markdown] lang="en"') == "en"


# state


def test_write_atomically_replaces_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "深" / "file.bin"
    write_atomically(path, b"old")
    assert path.read_bytes() == b"old"

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("links", [True, False])
def test_create_refuses_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no hard links")))
    path = tmp_path / "file"
    create(path, b"one")
    with pytest.raises(FileExistsError):
        create(path, b"two")
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]


def test_the_state_remembers(tmp_path: Path):
    path = tmp_path / "state.json"
    first = State(path)
    assert (first.lang, first.hints_shown("f"), first.mark("q")) == ("", 0, "")
    first.lang = "zh"
    first.show_hints("part0.f", 2)
    first.set_mark("q", "partly")
    again = State(path)
    assert (again.lang, again.hints_shown("part0.f"), again.mark("q"), again.mended) == ("zh", 2, "partly", None)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"\xff",
        b"[]",
        b'{"lang": 1}',
        b'{"hints": []}',
        b"",
        b'{"hints": ' + b'{"f": ' * 100_000 + b"1" + b"}" * 100_001,
        b'{"questions": {"f": ' + b"[" * 30_000 + b"]" * 30_000 + b"}}",
        b'{"hints": {"f": ' + b"9" * 10_000 + b"}}",
        b'{"lang": "\\ud800"}',
    ],
)
def test_a_state_that_cannot_be_read_is_set_aside_each_time(tmp_path: Path, data: bytes):
    path = tmp_path / "state.json"
    for number in (1, 2):
        path.write_bytes(data)
        mended = State(path)
        assert mended.mended == (aside := tmp_path / f"state.broken-{number}.json") and aside.read_bytes() == data
        mended.lang = "en"
        assert State(path).lang == "en" and State(path).mended is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and needs a right for links")
@pytest.mark.parametrize("odd", ["folder", "pipe", "link", "loop"])
def test_what_is_no_file_is_set_aside_like_a_broken_state(tmp_path: Path, odd: str):
    path = tmp_path / "state.json"
    obstruct(path, odd)
    mended = State(path)
    assert mended.mended and os.path.lexists(mended.mended) and not os.path.lexists(path)
    mended.lang = "en"
    assert State(path).lang == "en"


@pytest.mark.parametrize("number", [-3, True, 1e999, 10**9])
def test_an_odd_count_of_hints_does_no_harm(mini: Mini, number: float):
    path = mini.workspace.memory / "state.json"
    write_atomically(path, json.dumps({"hints": {"f": number}}).encode())
    assert State(path).hints_shown("f") >= 0


def test_what_another_coach_stored_meanwhile_stays(tmp_path: Path):
    one, two = State(tmp_path / "state.json"), State(tmp_path / "state.json")
    one.show_hints("f", 1)
    two.show_hints("g", 2)
    assert State(tmp_path / "state.json").hints_shown("f") == 1


def test_a_count_that_is_no_count_is_none(tmp_path: Path):
    path = tmp_path / "state.json"
    path.write_text('{"hints": {"f": "many"}}', encoding="utf-8")
    assert State(path).hints_shown("f") == 0


# words


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"COACH_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"COACH_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_language_spoken(mini: Mini, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str):
    for name in ("COACH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, variables.get(name, ""))
    words.system_language.cache_clear()
    assert words.language() == expected and words.say(zh="zh", en="en") == expected
    words.system_language.cache_clear()


def test_a_stored_choice_goes_before_the_systems_language(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COACH_LANG", "")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    mini.workspace.state.lang = "zh"
    assert words.language() == "zh"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "✓ 对 ○ √ 𝄞"), ("gbk", "√ 对 ○ √ ?"), ("ascii", "? ? ? ? ?"), ("cp1252", "? ? ? ? ?")],
)
def test_every_console_is_survived(monkeypatch: pytest.MonkeyPatch, encoding: str, expected: str):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    words.survive_any_console()
    print("✓ 对 ○ √ 𝄞", end="", flush=True)
    assert stream.buffer.getvalue().decode(encoding) == expected  # type: ignore[attr-defined]
    assert words.printable("ok", None) == "ok"


# workspace


def test_the_workspace_is_the_one_around_the_working_directory(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(mini.lesson("part1_boxes").folder)
    here = Workspace.here()
    assert here.root == mini.root
    assert [x.name for x in here.lessons] == ["part0_numbers", "part0_words", "part1_boxes", "part2_later"]
    assert here.shown(mini.lesson("part1_boxes").answers) == "answers.py"
    assert here.shown(mini.lesson("part0_words").answers) == str(mini.lesson("part0_words").answers)
    monkeypatch.chdir(tmp_path)
    assert Workspace.here().root == Path(words.__file__).resolve().parents[1]


def test_a_child_process_imports_this_checkout(mini: Mini):
    command = [sys.executable, "-c", "import part0_numbers.tests as t; print(t.__file__)"]
    done = subprocess.run(command, env=mini.workspace.environment(), capture_output=True, check=True, encoding="utf-8")
    assert Path(done.stdout.strip()) == mini.lesson("part0_numbers").folder / "tests.py"


def test_a_day_s_lessons_stand_in_their_own_order(tmp_path):
    for name, first in (("part0_zebra", " order=1"), ("part0_ant", " order=2"), ("part1_bee", "")):
        folder = tmp_path / "chapter0_x" / "exercises" / name
        folder.mkdir(parents=True)
        (folder / "solutions.py").write_text(f'# %% [markdown] lang="zh"{first}\n# # 题\n', encoding="utf-8")
    assert [lesson.name for lesson in Workspace(tmp_path).lessons] == ["part0_zebra", "part0_ant", "part1_bee"]


@pytest.mark.parametrize("name", ["partx_mine", "part1_boxes copy", "part_1", "part1-boxes", "part1_盒子 2"])
def test_a_stranger_s_folder_is_no_lesson(mini: Mini, name: str):
    names = [lesson.name for lesson in mini.workspace.lessons]
    shutil.copytree(mini.lesson("part1_boxes").folder, mini.lesson("part1_boxes").folder.with_name(name))
    here = Workspace(mini.root)
    assert [lesson.name for lesson in here.lessons] == names and [folder.name for folder in here.strangers] == [name]


# where an exercise stands

SCRIPT = """\
# %% exercise="double" minutes=5
def double(x):
    return x
    # return 2 * x


# %%capture
half = 2

# %%
@cache
def double(x):
    '''A note:
# %% is no cell here
    '''
    return x + x


# %% exercise="total" minutes=5
total = [
    1,
]
"""


def test_markers_are_lines_that_begin_a_cell_and_no_others():
    assert percent.markers(SCRIPT) == (0, 9, 18)
    broken = SCRIPT.replace("return x + x", "return ((x + x")
    assert percent.markers(broken) == (0, 9, 18), "where the text is no Python strings are still strings"
    unclosed = SCRIPT.replace("    '''\n    return", "    return")
    assert {0, 9, 17} <= set(percent.markers(unclosed)), "a forgotten quote hides no cell of the lesson"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_exercise_stands_where_its_last_definition_is(mini: Mini, newline: str):
    lesson, text = mini.lesson("part0_numbers"), SCRIPT.replace("\n", newline)
    assert place_of(text, lesson, "double") == (10, 16, "definition")
    assert place_of(text, lesson, "total") == (18, 22, "cell")
    assert place_of(text, lesson, "mean")[2] == "appended"
    broken = text.replace("return x + x", "return ((x + x")
    assert place_of(broken, lesson, "double") == (10, 16, "definition")
    above = newline.join(text.split(newline)[:9])
    assert place_of(above, lesson, "double") == (0, 8, "cell")


def test_what_else_gives_a_name_its_value_is_seen():
    for line in (
        "from a import f",
        "for f in x: pass",
        "if x:\n    f = 1",
        "(f := 1)",
        "try:\n    import f\nfinally: pass",
    ):
        assert hidden_by(f"def f(): pass\n{line}\n", "f", 1) > 1, line
    for line in (
        "[f for f in x]",
        "def g():\n    f = 1",
        'if __name__ == "__main__":\n    f = 1',
        "g = lambda f: f",
        "f()",
    ):
        assert not hidden_by(f"def f(): pass\n{line}\n", "f", 1), line


def test_a_caption_is_wrapped_in_both_languages():
    from coach.figures import wrapped

    chinese = "损失先下降后上升：这是过拟合（overfitting），训练集与验证集 validation 分开了。"
    for text in (chinese, "The loss falls, then rises: that is overfitting; stop before it."):
        lines = wrapped(text, 30)
        assert len(lines) > 1 and all(cell_len(line) <= 34 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not [line for line in lines if line[0] in "，。；：）"]
