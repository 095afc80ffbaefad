"""What must hold of every lesson: the rules of coach/rules, each asked of each lesson."""

from pathlib import Path

import pytest

from coach.course.workspace import Workspace
from coach.rules import REWRITTEN
from coach.rules.all import RULES
from coach.rules.form import imports
from coach.rules.page import BAD, Page

WORKSPACE = Workspace(Path(__file__).resolve().parents[1])
PAGES = [Page(WORKSPACE, lesson) for lesson in WORKSPACE.lessons]

lessons = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.lesson.name)


def test_there_are_lessons():
    names = [page.lesson.name for page in PAGES]
    assert "part1_raytracing" in names and set(names) >= REWRITTEN


@lessons
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_rule_is_broken(page: Page, rule):
    found = [finding for finding in rule(page) if finding.mark == BAD]
    assert not found, "\n" + "\n".join(map(str, found))


def test_the_tool_imports_no_lesson_by_name():
    names = {page.lesson.name for page in PAGES}
    files = list((WORKSPACE.root / "coach").rglob("*.py"))
    assert len(files) > 30
    for path in files:
        assert not {name.split(".")[0] for name in imports(path)} & names, path
