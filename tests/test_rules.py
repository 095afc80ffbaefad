"""Every rule catches a lesson that breaks it; a new lesson breaks none."""

import itertools
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from minicourse import REPOSITORY, Mini

from coach.commands.group import COMMANDS
from coach.commands.root import coach as coach_group
from coach.course.glossary import Glossary
from coach.course.workspace import Workspace
from coach.rules import judged, new
from coach.rules.all import RULES, broken
from coach.rules.page import BAD, WARNING, Page
from coach.words import Trouble

READMES = {
    "README.md": "# Course\n\n| day | folder | what you write |\n|---|---|---|\n| 0 | `part0_numbers` | numbers |\n| 9 | `part9_x` | x |\n",
    "README.zh-CN.md": "# 课程\n\n| 天 | 文件夹 | 你要写的 |\n|---|---|---|\n| 0 | `part0_numbers` | 数 |\n| 9 | `part9_x` | x |\n",
}
GLOSSARY = """
[banned]
en = [['\\bderivatives? by\\b', "derivative with respect to"]]
zh = [["摊平", "展平"]]

[[term]]
en = "reduction"
zh = "归约"
lesson = "LESSON"
sentence_en = "Many numbers made one along an axis."
sentence_zh = "沿一个轴把许多数变成一个。"
"""
DEBUG = ('exercise="row_means" ', 'exercise="row_means" kind="debug" ')
QUESTION = "table.mean(dim=0)` for this table of two rows and three columns?"
PRINTS = '    print(tuple(table.shape), "->", tuple(table.mean(dim=1).shape))\n'
RIGHT = "    return table.mean(dim=1)\n"
LONG = '\n\ndef long(x: int) -> int:\n    """Long."""\n' + "    x += 1\n" * 45 + "    return x\n\n\n"
MIDDLING = "".join(f"def long_{i}(x: int) -> int:\n" + "    x += 1\n" * 12 + "    return x\n\n\n" for i in range(3))
IMPORT = "from LESSON import figures, tests\n"
AFTER = '# %% [markdown] lang="zh"\n# ## 现在'
HEADING = "# ## Now you know\n"


numbers = itertools.count()


@pytest.fixture
def lesson(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A new lesson, in the new form, of a name that no other test has."""
    for name, text in READMES.items():
        (mini.root / name).write_text(text, encoding="utf-8")
    shutil.copytree(REPOSITORY / "coach", mini.root / "coach")  # ruff knows by it that `coach` is no library
    name = f"part7_sample{next(numbers)}"
    new.write(mini.workspace, name)
    workspace = Workspace(mini.root)
    page = Page(workspace, next(one for one in workspace.lessons if one.name == name), frozenset({name}))
    (page.lesson.folder.parents[1] / "glossary.toml").write_text(GLOSSARY.replace("LESSON", name), encoding="utf-8")
    monkeypatch.syspath_prepend(str(page.lesson.folder.parent))
    yield page
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]


SLIPS = [  # rule, file, what stands there, what it becomes
    ("files_are_there", "__init__.py", "", None),
    ("files_are_there", "variants.py", "", None),
    ("files_parse", "figures.py", "def bars(", "def bars["),
    ("files_parse", "mistakes.py", "sums", "\udcff"),
    ("markers_are_read", "solutions.py", "difficulty=2", "dificulty=2"),
    ("markers_are_read", "solutions.py", 'tags=["hint"]', 'tags=["hnt"]'),
    ("markers_are_read", "solutions.py", 'tags=["hint"]', 'tags="hint"'),
    ("markers_are_read", "solutions.py", 'lang="en" tags', 'lang="fr" tags'),
    ("markers_are_read", "solutions.py", 'exercise="row_means"', "exercise=row_means"),
    ("markers_are_read", "solutions.py", 'see="row_means"', "see=3"),
    ("markers_are_read", "solutions.py", "minutes=10", 'minutes=10 kind="drill"'),
    ("exercises_are_described", "solutions.py", "difficulty=2 ", ""),
    ("exercises_are_described", "solutions.py", "difficulty=2", "difficulty=6"),
    ("exercises_are_described", "solutions.py", "importance=3", "importance=0"),
    ("exercises_are_described", "solutions.py", "minutes=10", 'minutes="ten"'),
    ("exercises_are_described", "solutions.py", 'exercise="row_means"', 'exercise="row_mean"'),
    (
        "exercises_are_described",
        "solutions.py",
        HEADING,
        '# x\n# %% exercise="row_means"\ndef row_means():\n    """"""\n',
    ),
    ("questions_are_answered", "solutions.py", 'lang="en" tags=["answer"]', 'lang="en"'),
    ("questions_are_answered", "solutions.py", 'lang="zh" tags=["question"] see="row_means"', 'lang="zh"'),
    (
        "begins_with_a_marker",
        "solutions.py",
        '# %% [markdown] lang="zh" order=9',
        '"""Above."""\n# %% [markdown] lang="zh"',
    ),
    ("begins_with_a_marker", "solutions.py", "    table = torch", "    # %% here\n    table = torch"),
    ("the_title_names_the_day", "solutions.py", "# # Day 7 · ", "# # Day 6 · "),
    ("the_title_names_the_day", "solutions.py", "# # 第 7 天 · ", "# # 第7天 · "),
    ("the_title_names_the_day", "solutions.py", "# # Day 7 · ", "# # "),
    ("the_readme_lists_it", "README.md", "| 7 |", "| 6 |"),
    ("the_readme_lists_it", "README.zh-CN.md", "`part7", "`part8"),
    (
        "headings_name_the_exercise",
        "solutions.py",
        "### Exercise · means of rows · 10 min",
        "### Exercise · means · 15 min",
    ),
    ("headings_name_the_exercise", "solutions.py", "### 练习 · 行的均值 · 10 分钟", "### 行的均值"),
    (
        "views_only_leave_lines_out",
        "solutions.py",
        "    # solution\n",
        "    if True:\n        # solution\n        x = 1\n   # solution\n",
    ),
    ("views_only_leave_lines_out", "solutions.py", IMPORT, IMPORT + "MARK = '# solution'\n"),
    ("each_exercise_begins_unsolved", "solutions.py", "    # solution\n", ""),
    ("a_notebook_and_back_loses_nothing", "solutions.py", "difficulty=2 importance=3", "importance=3 difficulty=2"),
    (
        "a_notebook_and_back_loses_nothing",
        "solutions.py",
        '# %% [markdown] lang="en" order=9',
        '# %%  [markdown] lang="en" order=9',
    ),
    ("functions_are_short", "solutions.py", "# %% exercise", "# %%" + LONG + "# %% exercise"),
    ("functions_are_short", "solutions.py", "# %% exercise", "# %%\n" + MIDDLING + "# %% exercise"),
    ("annotations_are_evaluated", "solutions.py", "import torch\n", "from __future__ import annotations\n"),
    ("calls_stand_under_main", "solutions.py", IMPORT, IMPORT + "torch.manual_seed(0)\n"),
    ("calls_stand_under_main", "solutions.py", IMPORT, IMPORT + "for i in range(3):\n    x = i\n"),
    ("imports_run_one_way", "solutions.py", IMPORT, "from LESSON import figures, mistakes, tests\n"),
    (
        "imports_run_one_way",
        "tests.py",
        "import torch\n",
        "import torch\nfrom LESSON.solutions import row_means as ours\n",
    ),
    ("imports_run_one_way", "solutions.py", IMPORT, IMPORT + "from part8_later import solutions\n"),
    ("imports_run_one_way", "solutions.py", IMPORT, IMPORT + "from . import mistakes\n"),
    ("imports_run_one_way", "solutions.py", IMPORT, IMPORT + "from .variants import by_sum\n"),
    ("imports_run_one_way", "tests.py", "import torch\n", "import torch\n\nfrom .solutions import row_means\n"),
    ("imports_run_one_way", "tests.py", "import torch\n", "import torch\n\nfrom . import solutions\n"),
    ("ruff_would_change_nothing", "solutions.py", "table.mean(dim=1)\n\n", "table.mean(dim = 1)\n\n"),
    ("ruff_would_change_nothing", "tests.py", "import torch\n", "import os\n\nimport torch\n"),
    ("languages_come_in_pairs", "solutions.py", 'lang="en" order=9', ""),
    (
        "languages_come_in_pairs",
        "solutions.py",
        '# %% [markdown] lang="en"\n' + HEADING,
        '# %% [markdown] lang="zh"\n' + HEADING,
    ),
    ("languages_come_in_pairs", "solutions.py", '# %% [markdown] lang="zh"\n# ## 现在', "# %% [markdown]\n# ## 现在"),
    ("pairs_agree", "solutions.py", HEADING, "# ### Now you know\n"),
    ("pairs_agree", "solutions.py", "which axis is gone?", "which `axis` is gone?"),
    ("pairs_agree", "solutions.py", "which axis is gone?", "which axis is gone? $x$"),
    ("pairs_agree", "solutions.py", "which axis is gone?", "which [axis](https://example.org) is gone?"),
    ("pairs_agree", "solutions.py", 'lang="en" numbers="4 9"', 'lang="en" numbers="4"'),
    ("pairs_agree", "solutions.py", 'lang="en" tags=["hint"]', 'lang="en" tags=["bonus"]'),
    ("pairs_agree", "solutions.py", "which axis is gone?", "which axis (轴) is gone?"),
    ("chinese_is_set_well", "solutions.py", "# 为什么：三次考试", "# 为什么：3次考试"),
    ("chinese_is_set_well", "solutions.py", "# 为什么：三次考试", "# 为什么:三次考试"),
    ("chinese_is_set_well", "solutions.py", "看 `torch.mean` 的", "看`torch.mean` 的"),
    ("hints_lead_on", "solutions.py", "# Look up `dim` of `torch.mean`: it wants the axis that vanishes.", "# A hint."),
    ("hints_lead_on", "solutions.py", "# 看 `torch.mean` 的 `dim`；它要的是消失的那个轴。", "# 提示。"),
    ("hints_lead_on", "solutions.py", 'tags=["hint"]', 'tags=["bonus"]'),
    (
        "hints_lead_on",
        "solutions.py",
        HEADING,
        '# %% [markdown] lang="en" tags=["hint"]\n# One more in one language only.\n',
    ),
    ("there_are_questions", "solutions.py", "", ""),
    ("see_names_an_exercise", "solutions.py", 'see="row_means"', 'see="col_means"'),
    ("see_names_an_exercise", "solutions.py", 'see="row_means"', 'see="part0_numbers.loud"'),
    ("see_names_an_exercise", "solutions.py", ' see="row_means"', ""),
    ("a_sitting_is_long_enough", "solutions.py", PRINTS, PRINTS + "    print()\n" * 1000),
    ("prose_is_measured", "solutions.py", "A **reduction**", "A " + "very " * 700 + "**reduction**"),
    ("terms_are_introduced", "solutions.py", "**reduction**", "reduction"),
    ("terms_are_introduced", "solutions.py", "归约（reduction）", "归约"),
    ("terms_are_introduced", "solutions.py", "**reduction**", "summary"),
    ("no_wording_is_banned", "solutions.py", "the sum is 12", "the derivative by x is 12"),
    ("no_wording_is_banned", "solutions.py", "和是 12", "摊平以后是 12"),
    ("no_wording_is_banned", "mistakes.py", "These are the sums of the rows", "The derivative by x"),
    ("no_wording_is_banned", "figures.py", "每行的均值", "每行的摊平"),
    (
        "importing_is_silent",
        "mistakes.py",
        "from coach import mistake\n",
        "from coach import mistake\n\nprint('here')\n",
    ),
    ("importing_is_silent", "variants.py", "import torch\n", "import warnings\n\nwarnings.warn('here')\n"),
    ("importing_is_silent", "tests.py", "import torch\n", "import never_there\n"),
    ("every_exercise_has_a_test", "tests.py", "@judged", "# @judged"),
    ("every_exercise_has_a_test", "tests.py", "def test_row_means(row_means)", "def test_row_means(row_means, other)"),
    ("solutions_pass", "solutions.py", RIGHT, "    return table.mean(dim=1) + 1\n"),
    ("stubs_are_unwritten", "solutions.py", "    # solution\n", "    print(table.no_such)\n    # solution\n"),
    ("stubs_are_unwritten", "solutions.py", *DEBUG),
    ("stubs_are_unwritten", "solutions.py", AFTER, "# %%\nTWO = row_means(torch.zeros(2, 3))\n\n" + AFTER),
    ("stubs_are_unwritten", "solutions.py", "def row_means", "# solution\ndef row_means"),
    ("mistakes_are_three", "mistakes.py", '"row_means",\n    zh="这是每行的和', '"col_means",\n    zh="这是每行的和'),
    ("mistakes_are_named", "mistakes.py", "    return table.sum(dim=1)", "    return table.mean(dim=1)"),
    ("mistakes_are_named", "mistakes.py", "    return table.sum(dim=1)", "    return table.mean(dim=0)"),
    ("every_exercise_has_a_variant", "variants.py", '"row_means"', '"col_means"'),
    ("variants_are_accepted", "variants.py", "table.sum(dim=1) / table.shape[1]", "table.sum(dim=1) / 2"),
    (
        "untouched_cells_are_quiet",
        "solutions.py",
        "    if tests.test_row_means(row_means):\n        figures",
        "    if True:\n        figures",
    ),
    ("untouched_cells_are_quiet", "solutions.py", "    table = torch", "    chart = torch"),
    ("finished_cells_are_right", "solutions.py", "    table = torch", "    chart = torch"),
    ("numbers_are_printed", "solutions.py", 'numbers="4 9"', 'numbers="4 9 12"'),
    ("numbers_are_printed", "solutions.py", 'numbers="4 9"', 'numbers="4.0 9"'),
    ("numbers_are_printed", "solutions.py", 'numbers="4 9"', 'numbers="four"'),
    ("numbers_are_printed", "solutions.py", "/ len(row))", "/ 2)"),
]
BY_NAME = {rule.__name__: rule for rule in RULES}
ELSEWHERE = {  # where a slip shows in another file than the one that it is made in, by rule and what stood there
    ("every_exercise_has_a_test", "@judged"): "solutions.py",
    ("solutions_pass", RIGHT): "tests.py",
    ("stubs_are_unwritten", "    # solution\n"): "tests.py",
    ("stubs_are_unwritten", DEBUG[0]): "tests.py",
}


def spoil(page: Page, file: str, old: str, new: str | None) -> Path:
    """Makes the slip wherever it can be made in that file; None takes the file away."""
    path = page.workspace.root / file if file.startswith("README") else page.lesson.folder / file
    if new is None:
        path.unlink()
        return path
    old, new = (text.replace("LESSON", page.lesson.name) for text in (old, new))
    text = path.read_text(encoding="utf-8")
    assert old in text
    spoilt = text.replace(old, new) if old else text
    path.write_bytes(spoilt.encode("utf-8", "surrogateescape"))
    return path


def test_every_rule_is_tried():
    assert {slip[0] for slip in SLIPS} == set(BY_NAME)


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{slip[0]}-{i}" for i, slip in enumerate(SLIPS)])
def test_a_rule_catches_what_breaks_it(lesson: Page, slip: tuple[str, str, str, str | None]):
    name, file, old, new = slip
    if name == "imports_run_one_way":
        later = lesson.lesson.folder.with_name("part8_later")
        later.mkdir()
        (later / "solutions.py").write_text("# %%\n", encoding="utf-8")
        lesson = Page(Workspace(lesson.workspace.root), lesson.lesson, lesson.rewritten)
    path = spoil(lesson, file, old, new)
    found = [one for one in BY_NAME[name](lesson) if one.mark == BAD]
    assert found and all(one.rule == name and one.fix and one.text for one in found)
    assert path.with_name(ELSEWHERE.get((name, old), path.name)) in {one.path for one in found}
    assert all(1 <= one.line <= 1 + len(one.path.read_bytes().split(b"\n")) for one in found if one.path.exists())


def test_a_new_lesson_breaks_no_rule_but_that_it_wants_more_questions(lesson: Page):
    found = list(broken(lesson))
    assert [(one.rule, one.mark) for one in found] == [("there_are_questions", BAD)]
    old_form = Page(lesson.workspace, lesson.lesson)
    assert [one.mark for one in BY_NAME["there_are_questions"](old_form)] == [WARNING]


def test_the_rules_of_teaching_are_warnings_where_the_lesson_is_not_rewritten(lesson: Page):
    spoil(lesson, "solutions.py", "the sum is 12", "the derivative by x is 12")
    spoil(lesson, "solutions.py", "**reduction**", "reduction")
    found = list(broken(Page(lesson.workspace, lesson.lesson), running=False))
    assert {one.rule for one in found} == {"there_are_questions", "no_wording_is_banned", "terms_are_introduced"}
    assert {one.mark for one in found} == {WARNING}


def test_the_rest_waits_for_the_ground(lesson: Page):
    spoil(lesson, "solutions.py", "def row_means(", "def row_means[")
    assert {one.rule for one in broken(lesson)} == {"files_parse", "exercises_are_described"}


def test_a_rule_that_stumbles_is_a_finding(lesson: Page):
    (lesson.lesson.folder.parents[1] / "glossary.toml").write_text("[[term", encoding="utf-8")
    found = [one for one in broken(lesson, running=False) if "glossary.toml" in one.text]
    assert [one.rule for one in found] == ["terms_are_introduced", "no_wording_is_banned"]


def test_a_cell_that_ends_the_process_is_a_finding(lesson: Page):
    spoil(lesson, "solutions.py", PRINTS, "    import os\n\n    os._exit(3)\n")
    assert "process ended" in next(BY_NAME["untouched_cells_are_quiet"](lesson)).text


def test_nothing_noisy_is_judged(lesson: Page):
    spoil(lesson, "tests.py", "import torch\n", "import torch\n\nprint('here')\n")
    assert "importing_is_silent" in {one.rule for one in broken(lesson)}
    assert f"{lesson.lesson.name}.tests" not in sys.modules


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_finding_is_said_in_the_author_s_language(lesson: Page, monkeypatch: pytest.MonkeyPatch, lang: str):
    monkeypatch.setenv("COACH_LANG", lang)
    spoil(lesson, "solutions.py", "difficulty=2 ", "")
    (found,) = broken(lesson)
    assert bool(re.search("[一-鿿]", found.text + found.fix)) == (lang == "zh")
    assert str(found).startswith(f"✗ {lesson.lesson.solutions}:{found.line}: ")
    assert lesson.lines[found.line - 1].startswith('# %% exercise="row_means"')


# the command


def coach(*arguments: str) -> Result:
    return CliRunner().invoke(coach_group, list(arguments))


def test_check_prints_findings_and_ends_accordingly(lesson: Page):
    name = lesson.lesson.name
    assert coach("lesson", "check", name, "--quick").exit_code == 0
    path = spoil(lesson, "solutions.py", "# 为什么：三次考试", "# 为什么：3次考试")
    line = next(i for i, text in enumerate(path.read_text("utf-8").split("\n"), 1) if "3次考试" in text)
    result = coach("lesson", "check", name, "--quick")
    assert result.exit_code == 1 and f"solutions.py:{line}: no space in “3次”\n    → leave a space" in result.output
    assert result.output.endswith("1 · ✗ 1  ⚠ 1\n")
    *findings, last = map(json.loads, coach("lesson", "check", name, "--quick", "--json").output.splitlines())
    assert last == {"kind": "rules", "lessons": [name], "wrong": 1, "warnings": 1}
    finding = next(one for one in findings if one["mark"] == "wrong")
    assert finding["text"] and finding["fix"]
    told = {"kind": "finding", "mark": "wrong", "rule": "chinese_is_set_well", "path": str(path), "line": line}
    assert finding | told == finding


def test_check_runs_the_lesson(lesson: Page):
    spoil(lesson, "variants.py", "table.sum(dim=1) / table.shape[1]", "table.sum(dim=1) / 2")
    result = coach("lesson", "check", lesson.lesson.name)
    assert result.exit_code == 1 and "sum_by_count is rejected" in result.output


def test_new_says_what_it_wrote_and_adds_its_rows(lesson: Page):
    root = lesson.workspace.root
    result = coach("lesson", "new", "part3_two_words")
    assert result.exit_code == 0 and "README.md has a new row" in result.output
    rows = [line for line in (root / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert [row.split("`")[1] for row in rows[1:]] == [
        "part0_numbers",
        "part3_two_words",
        lesson.lesson.name,
        "part9_x",
    ]
    assert "# # Day 3 · two words" in (lesson.lesson.folder.with_name("part3_two_words") / "solutions.py").read_text(
        "utf-8"
    )
    assert coach("lesson", "check", "part3_two_words", "--quick").exit_code == 0


def test_new_leaves_what_is_there_alone(lesson: Page):
    folder = lesson.lesson.folder.with_name("part4_scratch")
    folder.mkdir()
    for name in (lesson.lesson.name, "part4_scratch"):
        result = coach("lesson", "new", name)
        assert result.exit_code == 2 and "there already" in result.output
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    "name", ["backprop", "part3", "part_x", "part3-x", "part3_x/y", "../part3_x", "part3_反向", ""]
)
def test_new_refuses_a_name_that_is_none(mini: Mini, name: str):
    before = sorted(mini.root.rglob("*"))
    assert coach("lesson", "new", name).exit_code == 2
    assert sorted(mini.root.rglob("*")) == before


def test_without_tables_the_rows_are_told(mini: Mini):
    result = coach("lesson", "new", "part3_backprop")
    assert (
        result.exit_code == 0
        and "add a row to the table of README.zh-CN.md: | … | `part3_backprop` | … |" in result.output
    )


@pytest.mark.parametrize(
    ("listed", "printed", "shown"),
    [
        ("4", "4.0", True),
        ("4", "4.2", False),
        ("4", "14 -4 4.5e3 x4 4x", False),
        ("0.27", "tensor([0.2689, 0.7311])", True),
        ("0.27", "0.264", False),
        ("-1.34", "[-1.3416]", True),
        ("1.34", "-1.3416", False),
        ("50%", "50% of 7", True),
        ("50%", "0.5 50", False),
        ("50", "50%", False),
        ("inf", "tensor([inf, 0.])", True),
        ("inf", "1e30 info", False),
        ("1e-5", "1e-05", True),
        ("6.67", "6.6667", True),
        ("2.5e-7", "2.5e-07", True),
        ("2.5e-7", "2.46e-07", True),
        ("2.5e-7", "2.56e-07", False),
        ("0.125", "0.1", False),
        ("1.3e6", "1300000", True),
    ],
)
def test_when_a_number_is_printed(listed: str, printed: str, shown: bool):
    assert judged.shows(listed, judged.numbers_in(printed)) == shown


def test_a_marker_within_a_string_begins_no_cell(mini: Mini):
    path = mini.lesson("part0_numbers").solutions
    text = path.read_text(encoding="utf-8")
    path.write_text(text + 'TEXT = """\n# %% nothing\n"""\n# %%\nLAST = 1\n', encoding="utf-8", newline="\n")
    page = Page(mini.workspace, mini.lesson("part0_numbers"))
    for cell in page.cells:
        assert cell.line == 0 or page.lines[cell.line - 1].startswith("# %%"), cell
    assert page.lines[page.cells[-1].line] == "LAST = 1"


# the glossary


@pytest.mark.parametrize("text", ["[[term", "[[term]]\nen = 'x'", "term = 3", "[banned]\nen = ['x']", "\udcff"])
def test_a_glossary_that_cannot_be_read_is_trouble(lesson: Page, text: str):
    path = lesson.lesson.folder.parents[1] / "glossary.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Trouble, match="glossary.toml"):
        _ = Page(lesson.workspace, lesson.lesson).glossary


def test_the_first_use_is_not_part_of_a_longer_term(lesson: Page):
    glossary = lesson.lesson.folder.parents[1] / "glossary.toml"
    longer = '[[term]]\nen = "reduction tree"\nzh = "归约树"\nlesson = "x"\nsentence_en = ""\nsentence_zh = ""\n'
    glossary.write_text(GLOSSARY.replace("LESSON", lesson.lesson.name) + longer, encoding="utf-8")
    spoil(lesson, "solutions.py", "A **reduction**", "Unlike a reduction tree, a **reduction**")
    spoil(lesson, "solutions.py", "归约（reduction）沿", "与归约树不同，归约（reduction）沿")
    assert not list(BY_NAME["terms_are_introduced"](lesson))


def test_the_opening_may_announce_a_term(lesson: Page):
    spoil(lesson, "solutions.py", "# What this lesson builds", "# It builds a reduction; what this lesson builds")
    spoil(lesson, "solutions.py", "# 这一课要做出什么", "# 归约；这一课要做出什么")
    assert not list(BY_NAME["terms_are_introduced"](lesson))


def test_the_course_s_own_glossary():
    glossary = Glossary.of(REPOSITORY / "chapter0_fundamentals" / "glossary.toml")
    names = {lesson.name for lesson in Workspace(REPOSITORY).lessons}
    assert len(glossary.terms) > 90 and {term.lesson for term in glossary.terms} <= names
    for lang in ("zh", "en"):
        words = [(getattr(term, lang).lower(), term.lesson) for term in glossary.terms]
        assert len(set(words)) == len(words) and all(term.says[lang].endswith((".", "。")) for term in glossary.terms)
    for lang, banned in glossary.banned:
        assert not re.search(banned.pattern, banned.better, re.IGNORECASE), f"{banned.better} is banned itself"
        assert bool(re.search("[一-鿿]", banned.pattern)) == (lang == "zh") and banned.better


def test_what_the_door_is_asked_wrongly(mini: Mini):
    assert "Did you mean coach lesson check?" in coach("lesson", "chek").output
    assert "coach lesson --help lists them all" in coach("lesson", "xyzzy").output
    assert "哪里不合规则" in coach("lesson").output and coach("lesson").exit_code == 0
    assert coach("lesson", "check", "part8_nowhere").exit_code == 2


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "AGENTS.md", "coach/rules/AUTHORS.md"])
def test_the_authors_pages_name_what_is_there(page: str):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    commands = re.findall(r"(?<![`\w/])`?coach ([a-z]+)(?: ([a-z]+))?", text)
    assert commands or page.endswith("AUTHORS.md")
    for name, sub in commands:
        assert name in COMMANDS and (name != "lesson" or sub in ("check", "new"))
    for path in re.findall(r"\]\(([^)#]+)", text):
        assert (REPOSITORY / page).parent.joinpath(path).exists(), path
    for path in re.findall(r"`((?:coach|tests|chapter0_fundamentals)/[\w./]+)`", text):
        assert (REPOSITORY / path).exists(), path


def test_words_are_counted_as_a_reader_would():
    from coach.rules.text import words_of

    assert (
        words_of("A row $a + b = c$ and `x y z` isn't long.\n```\na b c\n```\n| a | b |\n$$a b$$ ends 12 lines") == 10
    )
