"""The lesson on debugging: what learners' tests are tried on, what its cells print, and its page in the real Streamlit."""

import re
import sys

import pytest
from part0_debugging import page, sandbox, solutions, suspects, tests

from coach.course.workspace import Workspace
from coach.judging.mistakes import mistakes_of, variants_of

LESSON = next(lesson for lesson in Workspace.here().lessons if lesson.name == "part0_debugging")
needs_streamlit = pytest.mark.skipif(not page.installed(), reason="needs Streamlit: pip install -e '.[apps]'")
APPS = [solutions.app, *(variant.function for variant in variants_of("part0_debugging", "app"))]


@pytest.mark.parametrize(
    ("name", "write"), [("running", solutions.write_running_tests), ("runlog", solutions.write_log_tests)]
)
def test_a_quick_run_says_what_nine_runs_say(name, write, tmp_path):
    write(tmp_path / "text")
    text = (tmp_path / "text").read_text(encoding="utf-8")
    quick, slow = suspects.outcomes(name, [text + "\n# quick"], quick=True), suspects.outcomes(name, [text])
    assert quick[0].passed == slow[0].passed and not slow[0].broken
    assert [key for key in slow[0].failed if slow[0].kills(key)] == list(suspects.MODULES[name][1])[1:]


def test_a_test_file_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(suspects, "SECONDS", 3)
    found = suspects.outcomes("running", ["def test_for_ever():\n    while True:\n        pass\n"])[0]
    assert "3 s" in found.broken or "3 秒" in found.broken


def test_a_test_file_that_ends_its_process_is_no_success():
    found = suspects.outcomes("running", ["import os\n\n\ndef test_out():\n    os._exit(0)\n"])[0]
    assert found.broken and not found.passed


@needs_streamlit
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # Streamlit's and its dependencies' own
@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_the_stand_in_sees_what_streamlit_shows(app):
    for value in (None, 0.3, 1.2):
        stand_in = page.Page(value)
        app(stand_in)
        shown = page.real(app, value)
        assert shown["metric"][0][1] == stand_in.noted["metric"][0][1]
        assert shown["slider"][0][:3] == stand_in.noted["slider"][0][:3]


@needs_streamlit
@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_app_file_is_a_page(monkeypatch):
    from streamlit.testing.v1 import AppTest  # type: ignore

    monkeypatch.setitem(sys.modules, "part0_debugging.answers", None)  # as where nobody has begun the lesson
    shown = AppTest.from_file(str(LESSON.folder / "app.py")).run(timeout=30)
    assert not shown.exception
    assert shown.slider[0].value == 0.1 and shown.metric[0].value == f"{solutions.descend(0.1)[-1]:.2e}"
    assert shown.slider[0].set_value(1.1).run(timeout=30).metric[0].value == f"{solutions.descend(1.1)[-1]:.2e}"


@needs_streamlit
@pytest.mark.filterwarnings("default")
def test_the_real_streamlit_rejects_a_wrong_page_as_well():
    wrong = next(mistake for mistake in mistakes_of("part0_debugging", "app") if mistake.name == "slider_unused")
    with pytest.raises(AssertionError, match="differ|不同"):
        tests.compare_page(page.real(wrong.function, 0.3), 0.3, charts=False)


def test_pdb_stops_where_the_text_says():
    over = sandbox.pdb(solutions.MEAN, ["b 8", "c", "n", "p s"])
    assert over.split("\n")[-4:] == ["> script.py(9)mean()", "-> return s / len(values)", "(Pdb) p s", "12"]
    into = sandbox.pdb(solutions.MEAN, ["b 8", "c", "s", "n", "r", "n"])
    assert "script.py(1)total()" in into and "script.py(5)total()->12" in into and "script.py(9)mean()" in into
    third = sandbox.pdb(solutions.MEAN, ["b 4, i == 2", "c", "p i, result", "w", "u", "p values"])
    assert "(2, 6)" in third and third.endswith("[2, 4, 6]") and "Traceback" not in third
    assert third.count("script.py(8)mean()") == 2  # in the stack, and gone to


def test_of_two_calls_on_a_line_the_inner_comes_first():
    said = sandbox.pdb(solutions.NESTED, ["b 7", "c", "s", "r", "s", "p x", "r"])
    places = re.findall(r"^> script.py(.*)", said, re.MULTILINE)
    assert places == ["(7)<module>()", "(1)g()", "(2)g()->3", "(4)f()", "(5)f()->30"] and "(Pdb) p x\n3\n" in said


@pytest.mark.parametrize(("condition", "step"), [("isnan", 2109), ("isinf", 1055)])
def test_a_condition_finds_the_step_that_the_text_names(condition, step):
    said = sandbox.pdb(solutions.DIVERGES, [f"b 6, math.{condition}(loss)", "c", "p step, w"])
    assert f"({step}, " in said and ("nan)" in said) == (condition == "isnan")
    assert LESSON.text.count(f" {step}") >= 4  # in both languages, as a number of the cell and in the text


def test_pytest_finds_what_the_text_says():
    said = sandbox.pytest(solutions.NAMES, "--collect-only", names=("test_a.py", "a_test.py", "tests_a.py"))
    assert set(re.findall(r"^\w+\.py::.*", said, re.MULTILINE)) == {
        f"{file}.py::{name}" for file in ("test_a", "a_test") for name in ("test_one", "TestThree::test_it")
    }


REFUSED = """
from runlog import add, read

def test_text(tmp_path):
    add(tmp_path / "a", {"step": 1, "loss": 0.5})
    assert (tmp_path / "a").read_text() == '{"step":1,"loss":0.5}\\n'
"""


@pytest.mark.parametrize(
    ("exercise", "text"),
    [
        ("write_log_tests", REFUSED),
        ("write_log_tests", REFUSED + "\n\ndef test_missing(tmp_path):\n    assert read(tmp_path / 'b') == []\n"),
        ("write_log_tests", "def test_one(:\n    pass\n"),
        ("write_log_tests", "import pytest\n\n@pytest.mark.skip\ndef test_one():\n    pass\n"),
        ("write_running_tests", "from running import running_mean as m\n\ndef test_one():\n    assert m([1.0, 3.0], 2) == [3.0]\n"),
    ],
    ids=["text", "text_and_more", "syntax", "skipped", "expects_what_is_wrong"],
)  # fmt: skip
def test_a_refused_file_is_not_named_for_another_reason(exercise, text):
    judge = getattr(tests, f"test_{exercise}")
    verdict = judge.judge(lambda file: file.write_text(text, encoding="utf-8"))
    assert verdict.mark == "✗" and not verdict.likely


def test_a_shared_fixture_brings_back_what_fixtures_prevent():
    alone, shared = solutions.SHARED.replace('(scope="module")', ""), solutions.SHARED
    assert "2 passed" in sandbox.pytest(alone)
    assert "1 failed, 1 passed" in sandbox.pytest(shared)
    assert "1 passed, 1 deselected" in sandbox.pytest(shared, "-k", "two")


def test_the_marks_count_as_the_text_says():
    assert sandbox.pytest(solutions.MARKED).split("\n")[-1].startswith("2 passed, 1 skipped, 1 xfailed")
    passes = solutions.MARKED.replace("assert sum([]) / len([]) == 0", "pass")
    assert "1 failed" in sandbox.pytest(passes)  # xfail is strict
