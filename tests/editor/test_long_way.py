"""The whole chapter in a real VS Code, lesson by lesson: begin, read, get one wrong, ask for a hint, mend it, solve all.

Days 1 to 3 in Chinese, the others in English. WALK names lessons (or `all`): a plain run of the proofs walks one. EDITOR_SHOTS keeps the pictures.
"""

import json
import os
import re
from typing import Any

import pytest

from coach.course.lesson import Lesson
from coach.course.percent import language_of, without_solutions
from coach.course.workspace import Workspace
from coach.words import LANGUAGES

from .checkout import STUB
from .test_course_extension import EXTENSION, visited
from .vscode import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.thorough]
CHINESE = re.compile("[\u4e00-\u9fff]")
QUICK = {"part1_rendering"}
WANTED = os.environ.get("WALK", "all" if os.environ.get("EDITOR_PROOFS") == "every" else " ".join(QUICK)).split()
LESSONS = {lesson.name: lesson for lesson in Workspace(REPOSITORY).lessons}


def language(lesson: Lesson) -> str:
    return "zh" if 1 <= lesson.day <= 3 else "en"


def walked(lang: str) -> list[Lesson]:
    return [one for one in LESSONS.values() if language(one) == lang and (WANTED == ["all"] or one.name in WANTED)]


def written(lesson: Lesson) -> dict[str, Any]:
    """What a learner of that lesson writes, one text after the other, and what they read."""
    lang = language(lesson)
    view = lesson.view(lang)
    solved, wrong, mended, first = view, "", "", ""
    for cell in lesson.cells:
        stub = without_solutions(cell.source) if cell.cell_type == "code" else cell.source
        if stub == cell.source:
            continue
        assert solved.count(stub) == 1, f"{lesson.name}: {stub}"
        if not first and STUB in stub:
            first, wrong = cell.metadata["exercise"], view.replace(stub, stub.replace(STUB, "return None", 1))
            mended = view.replace(stub, cell.source)
        solved = solved.replace(stub, cell.source)
    prose = [one.source for one in lesson.cells if one.cell_type == "markdown" and language_of(one) in (None, lang)]
    return {
        "lesson": lesson.name,
        "path": lesson.answers.relative_to(REPOSITORY).as_posix(),
        "names": lesson.names,
        "first": first,
        "wrong": wrong,
        "mended": mended,
        "solved": solved,
        "prose": prose,
    }


@pytest.fixture(scope="module", params=LANGUAGES)
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    lang, folder = request.param, tmp_path_factory.mktemp("walk")
    if not walked(lang):
        pytest.skip(f"no lesson in {lang} among {WANTED}")
    path = folder / "walk.json"
    path.write_text(json.dumps([written(lesson) for lesson in walked(lang)]), encoding="utf-8")
    seconds = 600 * len(walked(lang))
    found = visited(folder, "walk.mjs", extension=EXTENSION, lang=lang, seconds=seconds, PROOF_WALK=str(path))
    for name in LESSONS.keys() & found.keys():
        print(name, f"{found[f'{name} took']:.0f} s, to the first mark {found[name].get('toMark', 0) / 1000:.1f} s")
    assert not found["failed"], json.dumps(found["failed"], indent=1, ensure_ascii=False)
    return lang, found


def test_each_lesson_is_begun_in_its_language(walk):
    lang, found = walk
    for lesson in walked(lang):
        assert found[lesson.name]["begun"] == lesson.view(lang), lesson.name


def test_every_formula_is_typeset_by_the_editors_preview(walk):
    lang, found = walk
    for lesson in walked(lang):
        prose = found[lesson.name]["prose"]
        assert prose["faulty"] == [] and prose["bare"] == [], lesson.name
    assert sum(found[lesson.name]["prose"]["formulas"] for lesson in walked(lang)) > 0


def test_a_wrong_answer_is_told_and_the_hint_shown_in_that_language(walk):
    lang, found = walk
    for lesson in walked(lang):
        told = found[lesson.name]["verdict"]
        assert len(told) >= 1 and all(lesson.names and text for text in told), lesson.name
        for text in [found[lesson.name]["hint"], *told]:
            assert bool(CHINESE.search(text.replace("工作区", ""))) == (lang == "zh"), (lesson.name, text)


def test_with_all_solved_the_status_bar_counts_them_and_no_problem_is_left(walk):
    lang, found = walk
    for lesson in walked(lang):
        assert f"{len(lesson.names)} / {len(lesson.names)}" in found[lesson.name]["status"]
        assert found[lesson.name]["problems"] == 0, lesson.name
