"""What must hold of every lesson: the rules of coach/rules, each asked of each lesson."""

import os
from pathlib import Path

import pytest

from coach.course.imports import imports
from coach.course.workspace import Workspace
from coach.rules import REWRITTEN
from coach.rules.all import RULES
from coach.rules.page import BAD, Page

WORKSPACE = Workspace(Path(__file__).resolve().parents[1])
PAGES = [Page(WORKSPACE, lesson) for lesson in WORKSPACE.lessons]


def test_there_are_lessons():
    names = [page.lesson.name for page in PAGES]
    assert "part1_raytracing" in names and set(names) >= REWRITTEN


# Both run the finished lesson, which may train for a minute: in one process it is run once.
FINISHED = {"finished_cells_are_right", "numbers_are_printed"}
# What takes long: with LESSONS=every it is asked here too, as the weekly workflow does, and `coach lesson check` always asks.
TRAINING = {"part2_resnets", "part2_features", "part4_experiments", "part4_distributed", "part5_vaes", "part5_gans"}
LONG = {(name, lesson) for name in FINISHED for lesson in TRAINING}
LONG |= {
    ("mistakes_are_named", f"part{name}")
    for name in ("2_cnns", "2_resnets", "4_distributed", "4_optimization", "5_gans")
}
LONG |= {("untouched_cells_are_quiet", "part2_resnets"), ("untouched_cells_are_quiet", "part5_gans")}
LONG |= {("variants_are_accepted", "part4_distributed")}
ASKED = [
    pytest.param(
        page,
        rule,
        id=f"{rule.__name__}-{page.lesson.name}",
        marks=pytest.mark.xdist_group(page.lesson.name) if rule.__name__ in FINISHED else (),
    )
    for rule in RULES
    for page in PAGES
]


@pytest.mark.parametrize(("page", "rule"), ASKED)
def test_no_rule_is_broken(page: Page, rule):
    if (rule.__name__, page.lesson.name) in LONG and os.environ.get("LESSONS") != "every":
        pytest.skip("takes long: LESSONS=every, or coach lesson check")
    found = [finding for finding in rule(page) if finding.mark == BAD]
    assert not found, "\n" + "\n".join(map(str, found))


def test_the_tool_imports_no_lesson_by_name():
    names = {page.lesson.name for page in PAGES}
    files = list((WORKSPACE.root / "coach").rglob("*.py"))
    assert len(files) > 30
    for path in files:
        assert not {name.split(".")[0] for name in imports(path)} & names, path
