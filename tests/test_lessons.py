"""What must hold of every lesson."""

import ast
import importlib
import importlib.util
import re
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from coach.course.lesson import Lesson
from coach.course.percent import HIDDEN, STUB, indent, language_of, parse, tags_of, write
from coach.course.workspace import Workspace
from coach.judging.mistakes import mistakes_of, variants_of

WORKSPACE = Workspace(Path(__file__).resolve().parents[1])
LESSONS = WORKSPACE.lessons

lessons = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
languages = pytest.mark.parametrize("lang", ["zh", "en"])


def judged_tests(lesson: Lesson) -> list:
    module = importlib.import_module(f"{lesson.name}.tests")
    return [value for name, value in vars(module).items() if name.startswith("test_") and hasattr(value, "judge")]


def solutions_of(lesson: Lesson):
    return importlib.import_module(f"{lesson.name}.solutions")


def imported_view(lesson: Lesson, lang: str, folder: Path):
    """The untouched learner's file as a module."""
    path = folder / "answers.py"
    path.write_text(lesson.view(lang), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"{lesson.name}.untouched", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_lessons():
    assert "part1_raytracing" in [lesson.name for lesson in LESSONS]


@lessons
def test_every_exercise_has_a_test_hints_and_mistakes(lesson):
    tested = {name for test in judged_tests(lesson) for name in test.exercises}
    assert tested == {exercise.name for exercise in lesson.exercises}
    for exercise in lesson.exercises:
        assert 1 <= exercise.difficulty <= 5 and 1 <= exercise.importance <= 5 and exercise.minutes > 0, exercise
        assert len(mistakes_of(lesson.name, exercise.name)) >= 3, exercise.name
        assert 1 <= len(exercise.hints.get("zh", [])) == len(exercise.hints.get("en", [])) <= 3, exercise.name
    named = {mistake.exercise for mistake in mistakes_of(lesson.name)}
    assert named == {exercise.name for exercise in lesson.exercises}


@lessons
def test_each_untouched_stub_is_unwritten_to_every_test(lesson, tmp_path):
    untouched = imported_view(lesson, "en", tmp_path)
    wrong_from_the_start = {exercise.name for exercise in lesson.exercises if exercise.kind == "debug"}
    for test in judged_tests(lesson):
        verdict = test.judge(*(getattr(untouched, name) for name in test.exercises))
        assert verdict.mark == ("✗" if wrong_from_the_start & set(test.exercises) else "○"), (
            test.__name__,
            str(verdict),
        )


@lessons
def test_each_mistake_is_rejected_and_named(lesson):
    solutions = solutions_of(lesson)
    for mistake in mistakes_of(lesson.name):
        verdicts = []
        for test in (test for test in judged_tests(lesson) if mistake.exercise in test.exercises):
            right = {name: getattr(solutions, name) for name in test.exercises}
            given = right | {mistake.exercise: mistake.function}
            verdicts.append(test.judge(*(given[name] for name in test.exercises), like=right, hurry=False))
        names = [verdict.mistake for verdict in verdicts if verdict.mark == "✗"]
        told = "\n".join(map(str, verdicts))
        assert names, f"{mistake.exercise}: no test rejects {mistake.name}"
        assert mistake.name in names, f"{mistake.exercise}: {mistake.name} is taken for {names}:\n{told}"


@lessons
def test_each_exercise_has_a_variant_and_each_variant_is_accepted(lesson):
    """Right answers written in other ways."""
    solutions = solutions_of(lesson)
    variants = variants_of(lesson.name)
    written = {exercise.name for exercise in lesson.exercises if exercise.kind != "debug"}
    assert written <= {variant.exercise for variant in variants} <= set(lesson.names)
    for variant in variants:
        for test in (test for test in judged_tests(lesson) if variant.exercise in test.exercises):
            right = {name: getattr(solutions, name) for name in test.exercises}
            given = right | {variant.exercise: variant.function}
            verdict = test.judge(*(given[name] for name in test.exercises), like=right)
            assert verdict.mark == "✓", f"{variant.exercise}: {variant.name} is right, and is rejected:\n{verdict}"


def cells_that_raise(text: str) -> list[str]:
    """The cells of a percent script that end in an error, run one after the other as a kernel runs them."""
    from IPython.core.interactiveshell import InteractiveShell

    shell, raised = InteractiveShell(), []
    shell.showtraceback = lambda *args, **more: None  # type: ignore[method-assign]
    for cell in parse(text).cells:
        if cell.cell_type == "code":
            done = shell.run_cell(cell.source)
            if error := done.error_in_exec or done.error_before_exec:
                raised.append(f"{cell.source}\n-> {error!r}")
    return raised


@lessons
def test_an_untouched_file_runs_cell_by_cell_without_one_error(lesson, tmp_path):
    """In both languages, each in a process that nothing has been imported in."""
    for lang in ("zh", "en"):
        path = tmp_path / f"{lang}.py"
        path.write_text(lesson.view(lang), encoding="utf-8")
        command = [sys.executable, "-c", RUN_CELLS, str(Path(__file__).parent), str(path)]
        environment = WORKSPACE.environment() | {"PLOTLY_RENDERER": "json", "COACH_LANG": lang}
        environment.pop("PYTEST_CURRENT_TEST", None)
        run = subprocess.run(command, capture_output=True, text=True, env=environment, encoding="utf-8")
        raised = run.stdout.rpartition("RAISED ")[2]
        assert (run.returncode, raised) == (0, "[]\n"), (lang, raised, run.stderr[-2000:])


RUN_CELLS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_lessons import cells_that_raise
raised = cells_that_raise(Path(sys.argv[2]).read_text(encoding="utf-8"))
sys.stdout = sys.__stdout__
print("RAISED", raised)
"""


def prose(source: str) -> dict[str, Counter]:
    """What must be the same in both languages."""
    math = re.findall(r"\$\$.*?\$\$|\$[^$\n]+\$", source, flags=re.S)
    plain = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", "", source, flags=re.S)
    return {
        "headings": Counter(re.findall(r"^#+(?= )", plain, flags=re.M)),
        "inline code": Counter(re.findall(r"`[^`\n]+`", plain)),
        "links": Counter(re.findall(r"\]\(([^)]+)\)", plain)),
        "maths": Counter(math),
        "numbers in headings": Counter(re.findall(r"\d+", " ".join(re.findall(r"^#+ .*", plain, flags=re.M)))),
    }


@lessons
def test_languages_come_in_agreeing_pairs(lesson):
    markdown = [cell for cell in lesson.cells if cell.cell_type == "markdown"]
    for zh, en in zip(markdown[::2], markdown[1::2], strict=True):
        assert (language_of(zh), language_of(en)) == ("zh", "en"), (zh.source, en.source)
        assert tags_of(zh) == tags_of(en) and zh.metadata.get("see") == en.metadata.get("see"), zh.source
        assert prose(zh.source) == prose(en.source), (zh.source, en.source)
        assert re.search("[\u4e00-\u9fff]", zh.source) and not re.search("[\u4e00-\u9fff]", en.source), en.source
    order = [language_of(cell) for cell in lesson.cells]
    assert all(order[i + 1] == "en" for i, lang in enumerate(order) if lang == "zh"), "a pair is not adjacent"


@lessons
def test_chinese_text_is_set_well(lesson):
    for cell in (cell for cell in lesson.cells if language_of(cell) == "zh"):
        text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|\]\([^)]+\)", "", cell.source, flags=re.S)
        assert not re.search("[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", text), cell.source
        assert not re.search("[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", text), cell.source
        assert not re.search("[\u4e00-\u9fff][`$]|[`$][\u4e00-\u9fff]", cell.source.replace("$$", "")), cell.source


@lessons
def test_minutes_in_the_heading_are_the_exercise_s(lesson):
    heading = ""
    for cell in lesson.cells:
        if cell.cell_type == "markdown" and language_of(cell) == "en" and not tags_of(cell) - {"bonus"}:
            heading = cell.source.splitlines()[0]
        elif "exercise" in cell.metadata:
            assert heading.startswith("### Exercise · ") and heading.endswith(f" · {cell.metadata['minutes']} min"), (
                heading
            )


@lessons
def test_every_question_has_an_answer_and_an_exercise_that_exists(lesson):
    names = {exercise.name for exercise in lesson.exercises}
    names |= {f"{other.name}.{name}" for other in LESSONS for name in other.names}  # a question may look back
    for question in lesson.questions:
        assert set(question.text) == set(question.answer) == {"zh", "en"}, question
        assert question.see in names, question


@lessons
@languages
def test_a_view_only_leaves_lines_out(lesson, lang):
    text = lesson.view(lang)
    ast.parse(text)
    assert parse(text).cells, "it is a percent script"
    source = iter(lesson.text.splitlines())
    for line in text.splitlines():
        assert line.strip() in ("", STUB) or line in source, f"{line!r} is not in solutions.py, or in another order"
    other = "en" if lang == "zh" else "zh"
    assert "# solution" not in text and f'lang="{other}"' not in text
    assert not any(tags_of(cell) & HIDDEN for cell in parse(text).cells)


@lessons
def test_percent_to_notebook_to_percent_loses_nothing(lesson):
    import nbformat

    notebook = nbformat.writes(parse(lesson.text))
    assert write(nbformat.reads(notebook, as_version=4)) == lesson.text


@lessons
def test_a_lesson_keeps_its_form(lesson):
    lines = lesson.text.splitlines()
    assert re.match(r"# %%( \[markdown\]|$)", lines[0]), "what stands above the first marker is in no cell"
    assert all(lesson.view(lang).count("\n") <= 1000 for lang in ("zh", "en")), "the learner's view is too long"
    assert not [line for line in lines if re.match(r"\s+# ?%%", line)], "an indented marker splits a cell too"
    tree = ast.parse(lesson.text)
    assert not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    lengths = [n.end_lineno - n.lineno + 1 for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.end_lineno]
    bodies = [
        n.end_lineno - n.body[0].lineno + 1 for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.end_lineno
    ]
    assert max(lengths) <= 40 and statistics.median(bodies) <= 8


@lessons
def test_prose_is_short(lesson):
    code = sum(
        bool(line.strip()) for cell in lesson.cells if cell.cell_type == "code" for line in cell.source.splitlines()
    )
    english = [
        cell.source for cell in lesson.cells if language_of(cell) == "en" and not tags_of(cell) & {"hint", "answer"}
    ]
    assert len(" ".join(english).split()) <= 15 * code


def imports(path: Path) -> set[str]:
    """The modules that a file names in its import statements, wherever they stand."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@lessons
def test_imports_run_one_way(lesson):
    assert f"{lesson.name}.solutions" not in imports(lesson.folder / "tests.py")
    assert not {f"{lesson.name}.mistakes", f"{lesson.name}.answers"} & imports(lesson.solutions)
    for other in LESSONS:
        if other.day > lesson.day:
            assert not [name for name in imports(lesson.solutions) if name.startswith(other.name)]


def test_the_tool_imports_no_lesson_by_name():
    names = {lesson.name for lesson in LESSONS}
    files = list((WORKSPACE.root / "coach").rglob("*.py"))
    assert len(files) > 30
    for path in files:
        assert not {name.split(".")[0] for name in imports(path)} & names, path


@lessons
def test_importing_is_silent(lesson):
    modules = ", ".join(f"{lesson.name}.{name}" for name in ("solutions", "tests", "mistakes"))
    command = [sys.executable, "-W", "error", "-c", f"import {modules}"]
    run = subprocess.run(command, capture_output=True, text=True, env=WORKSPACE.environment(), encoding="utf-8")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@lessons
def test_calls_stand_under_main(lesson):
    """At module level a lesson defines; what it shows, prints or trains stands under `if __name__ == "__main__":`."""
    for node in ast.parse(lesson.text).body:
        assert not isinstance(node, ast.Expr | ast.For | ast.While | ast.With), f"{lesson.name}:{node.lineno}"


def test_one_indented_block_becomes_one_stub():
    from coach.course.percent import without_solutions

    source = "def f(x):\n    # solution\n    if x:\n        return 1\n\n    return 2\n\n\nf(1)"
    assert without_solutions(source) == "def f(x):\n    raise NotImplementedError\n\n\nf(1)"
    assert indent("    x") == 4
