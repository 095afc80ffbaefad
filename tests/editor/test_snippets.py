"""The snippets: expanded as VS Code expands them, they are a lesson that the course's own reader takes."""

import re
from pathlib import Path

import pytest

from coach.course.lesson import Lesson
from coach.rules.text import SHORTEST

from .vscode import REPOSITORY, read

SNIPPETS = read(REPOSITORY / ".vscode" / "course.code-snippets")
HEAD = '# %% [markdown] lang="zh"\n# # 第 9 天 · 试\n# %% [markdown] lang="en"\n# # Day 9 · a try\n'
STOP = re.compile(r"\$(?:(\d+)|\{(\d+)(?::([^}]*)|\|([^,|]*)[^|]*\|)?\})")


def expanded(name: str) -> str:
    """The snippet's text after Tab was pressed at every stop: each has its default, wherever it is repeated."""
    body = "\n".join(SNIPPETS[name]["body"])
    defaults = {hit[1] or hit[2]: hit[3] or hit[4] or "" for hit in reversed(list(STOP.finditer(body)))}
    return STOP.sub(lambda hit: defaults[hit[1] or hit[2]], body)


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    folder = tmp_path / "part9_try"
    folder.mkdir()
    text = HEAD + expanded("Exercise") + expanded("Cell in both languages") + "\n"
    (folder / "solutions.py").write_text(text, encoding="utf-8")
    return Lesson(folder)


def test_no_placeholder_of_a_hint_passes_for_one(lesson):
    texts = [(lang, text) for lang, hints in lesson.exercises[0].hints.items() for text in hints]
    assert all(len(text) < SHORTEST[lang] for lang, text in texts)


def test_the_exercise_is_one_with_a_stub_a_test_and_hints(lesson):
    (exercise,) = lesson.exercises
    assert (exercise.name, exercise.difficulty, exercise.importance, exercise.minutes) == ("name", 1, 3, 10)
    assert exercise.title == {"zh": "标题", "en": "title"}
    assert exercise.hints == {"zh": ["一个问题。", "概念或函数。"], "en": ["A question.", "A concept or call."]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_learners_view_of_it_is_python_with_the_solution_left_out(lesson, lang):
    view = lesson.view(lang)
    compile(view, "answers.py", "exec")
    assert "raise NotImplementedError" in view and "return x" not in view
    assert ("正文。" in view) == (lang == "zh") and ("Text." in view) == (lang == "en")
