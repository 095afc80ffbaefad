"""Every row of the page that the course follows has a home in a lesson, looked up there and never claimed."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from minicourse import Mini
from test_json import read

from coach.commands.root import coach
from coach.course.source import Row, homes, rows_of
from coach.course.workspace import Workspace
from coach.words import Trouble

ROOT = Path(__file__).resolve().parents[1]
LESSONS = Workspace(ROOT).lessons
ROWS = rows_of(ROOT / "chapter0_fundamentals/source.toml")
# What the page asks for by name: its headings with a star, and its readings.
NAMED = [
    "neural",
    "linear",
    "probability",
    "calculus",
    "information",
    "NumPy",
    "PyTorch",
    "Einops",
    "Einsum",
    "typing",
    "Plotly",
    "Streamlit",
    "Python",
    "debugger",
    "pytest",
    "Git",
    "Unix",
    "Conda",
    "Jupyter",
    "Colab",
    "Remote-SSH",
    "Copilot",
    "100",
    "transpose",
    "torch.Tensor",
    "nn.Parameter",
    ".backward()",
    "loss",
    "optimiser",
    "hyperparameter",
    "ReLU",
    "rank",
    "Gaussians",
    "cross-entropy",
    "eigenvalues",
    "symmetric",
    "singular",
    "part1_raytracing.solutions",
    "Cookbook",
    "torch.nn",
    "Visualizing",
    "Zoom",
    "backpropagation",
    "Calculus",
    "Neural",
    "Demystified",
    "torch.optim",
    "momentum",
    "Momentum",
    "Framework",
    "Induction",
    "Spinning",
    "Silver",
]


@pytest.mark.parametrize("row", [row for row in ROWS if not row.waits], ids=lambda row: row.said["en"])
def test_a_row_has_a_home(row: Row):
    found, missing = homes(row, LESSONS)
    assert not missing, f"no lesson has this, or several have: {missing}"
    assert found, "a row without an exercise, a heading or a reading has no home"


def test_what_waits_is_not_there_yet():
    come = [row.said["en"] for row in ROWS if row.waits and not homes(row, LESSONS)[1]]
    assert not come, f"all of this is written now: take `waits` out of these rows of source.toml: {come}"


@pytest.mark.parametrize("word", NAMED)
def test_nothing_that_the_page_names_is_left_out(word: str):
    assert [row for row in ROWS if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", row.said["en"])]


def test_no_row_stands_twice_and_each_is_in_both_languages():
    for lang in ("zh", "en"):
        said = [row.said[lang] for row in ROWS]
        assert len(set(said)) == len(said)
    assert all(row.said["zh"] != row.said["en"] or row.said["en"].isascii() for row in ROWS)
    assert {row.topic["zh"] for row in ROWS} >= {"数学", "编程", "软件工程"}


def test_what_has_no_home_is_found(mini: Mini):
    lessons = mini.workspace.lessons

    def missing(**what: tuple[str, ...] | str) -> list[str]:
        return homes(Row({}, {}, "", **what), lessons)[1]  # type: ignore[arg-type]

    assert missing(exercises=("double", "part0_words.size"), headings=("Day 0 · words",), reading="The first") == [
        "The first (—)"  # in English only
    ]
    assert missing(exercises=("tripel",)) == ["tripel (—)"]
    assert missing(exercises=("size",)) == ["size (part0_words, part1_boxes)"]
    assert missing(exercises=("part0_numbers.size",)) == ["part0_numbers.size (—)"]
    assert missing(headings=("Day 0",)) == ["Day 0 (—)"]


SOURCE = """
[[topic]]
zh = "数"
en = "Numbers"

[[topic.row]]
zh = "两倍"
en = "twice"
mark = "★"
exercises = ["double"]
headings = ["Day 0 · words"]

[[topic.row]]
zh = "三倍"
en = "three times"
exercises = ["triple"]
waits = true
"""


@pytest.mark.parametrize(("lang", "row"), [("zh", "| ★ 两倍 | `part0_numbers`, `part0_words` | `double`, 第 0 天 · 词 |"), ("en", "| ★ twice | `part0_numbers`, `part0_words` | `double`, Day 0 · words |")])  # fmt: skip
def test_the_table_is_printed_in_the_learners_language(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, lang: str, row: str
):
    monkeypatch.setenv("COACH_LANG", lang)
    (mini.root / "chapter0_fundamentals/source.toml").write_text(SOURCE, encoding="utf-8")
    told = CliRunner().invoke(coach, ["contents", "--source"])
    assert told.exit_code == 0 and row in told.output
    assert ("还没有写" if lang == "zh" else "not written yet") in told.output
    first, second = read(CliRunner().invoke(coach, ["contents", "--source", "--json"]).stdout)
    assert [home["exercise"] for home in first["homes"]] == ["double", ""] and first["mark"] == "★"
    assert json.dumps(second["missing"], ensure_ascii=False) == '["triple (—)"]' and second["homes"] == []


@pytest.mark.parametrize("odd", ['mark = "x"', 'exercise = ["double"]', "zh = 3\nzh = 4"])
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, odd: str):
    path = tmp_path / "source.toml"
    path.write_text(f'[[topic]]\nzh = "数"\nen = "n"\n[[topic.row]]\nzh = "二"\nen = "two"\n{odd}\n', encoding="utf-8")
    with pytest.raises(Trouble, match="source.toml"):
        rows_of(path)
