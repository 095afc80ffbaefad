"""The rules on what a lesson does: its tests judged by its solutions, stubs, mistakes and variants; its cells run."""

import contextlib
import importlib
import importlib.util
import io
import json
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

from coach.judging.mistakes import mistakes_of, variants_of
from coach.rules import cells
from coach.rules.page import Cell, Finding, Page, rule
from coach.words import RIGHT, UNWRITTEN, WRONG, say

MISTAKES = 3


def tests_of(page: Page) -> list[Any]:
    module = importlib.import_module(f"{page.lesson.name}.tests")
    return [value for name, value in vars(module).items() if name.startswith("test_") and hasattr(value, "judge")]


def _solutions(page: Page) -> ModuleType:
    return importlib.import_module(f"{page.lesson.name}.solutions")


def _judged(test: Any, given: dict[str, Any], **options: Any) -> Any:
    """The verdict of `test`; what the functions print is nobody's business here."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return test.judge(*(given[name] for name in test.exercises), **options)


def _line(function: Any) -> int:
    """Where a test, a mistake or a variant is written; 1 where that can't be told."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    return getattr(code, "co_firstlineno", 1)


def _verdicts(page: Page, exercise: str, function: Any, **options: dict[str, Any]) -> list[Any]:
    """What each test of `exercise` says, given `function` and the course's solutions for the rest; `options` by test."""
    solutions, found = _solutions(page), []
    for test in (test for test in tests_of(page) if exercise in test.exercises):
        right = {name: getattr(solutions, name) for name in test.exercises}
        given = right | {exercise: function}
        kept = {name: value.setdefault(test.__name__, {}) for name, value in options.items()}
        found.append(_judged(test, given, like=right, **kept))
    return found


IMPORT = """
import contextlib, importlib, io, json, sys
said = {}
for name in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}")
    said[name] = out.getvalue().strip()
print(json.dumps(said))
"""


@rule
def importing_is_silent(page: Page) -> Iterator[Finding]:
    """In a process of its own, where a warning is an error."""
    parts = [f"{page.lesson.name}.{part}" for part in ("solutions", "tests", "mistakes", "variants")]
    command = [sys.executable, "-W", "error", "-c", IMPORT, *parts]
    done = subprocess.run(command, capture_output=True, env=page.workspace.environment(), encoding="utf-8")
    if done.returncode or done.stderr:
        told = {parts[0]: done.stderr.strip() or str(done.returncode)}
    else:
        told = json.loads(done.stdout.strip().rpartition("\n")[2])
    for part, said in told.items():
        if said:
            zh = f'放到 if __name__ == "__main__": 下面，或改好；全文：python -c "import {part}"'
            en = f'put it under if __name__ == "__main__":, or mend it; all it says: python -c "import {part}"'
            file, last = f"{part.rpartition('.')[2]}.py", said.split("\n")[-1]
            yield page.bad(1, say(zh=zh, en=en), zh=f"导入时说了话：{last}", en=f"importing it says: {last}", file=file)


@rule
def every_exercise_has_a_test(page: Page) -> Iterator[Finding]:
    tests = tests_of(page)
    tested = {name for test in tests for name in test.exercises}
    for cell in page.exercises:
        if (name := cell.data["exercise"]) not in tested:
            fix = say(
                zh=f"在 tests.py 里写 @judged def test_{name}({name})",
                en=f"write @judged def test_{name}({name}) in tests.py",
            )
            yield page.bad(cell.line, fix, zh=f"{name} 没有测试", en=f"{name} has no test")
    for test in tests:
        for name in set(test.exercises) - {cell.data["exercise"] for cell in page.exercises}:
            fix = say(
                zh="参数要叫练习的名字；别的参数给默认值",
                en="call the parameter as the exercise; give others a default",
            )
            yield page.bad(
                _line(test),
                fix,
                zh=f"{test.__name__} 判的 {name} 不是练习",
                en=f"{test.__name__} judges {name}, which is no exercise",
                file="tests.py",
            )


@rule
def solutions_pass(page: Page) -> Iterator[Finding]:
    solutions = _solutions(page)
    for test in tests_of(page):
        verdict = _judged(test, vars(solutions))
        if verdict.mark != RIGHT:
            fix = say(zh="改好解答，或改好测试", en="mend the solution, or the test")
            yield page.bad(
                _line(test),
                fix,
                zh=f"课程自己的解答没有通过：{verdict}",
                en=f"the course's own solution does not pass: {verdict}",
                file="tests.py",
            )


@rule
def stubs_are_unwritten(page: Page) -> Iterator[Finding]:
    """○ from every test for an untouched file; ✗ where it begins with code that is wrong."""
    debugging = {cell.data["exercise"] for cell in page.exercises if cell.data.get("kind") == "debug"}
    try:
        untouched = _untouched(page)
    except Exception as error:
        fix = say(zh='放到 if __name__ == "__main__": 下面', en='put what needs it under if __name__ == "__main__":')
        zh, en = f"未写的文件导入不了：{error!r}", f"an untouched file can't be imported: {error!r}"
        yield page.bad(_line_of(error, page), fix, zh=zh, en=en)
        return
    for test in tests_of(page):
        if missing := [name for name in test.exercises if name not in untouched]:
            fix = say(zh="在 # solution 之前给它一个值", en="give it a value above # solution")
            yield page.bad(1, fix, zh=f"未写的文件里没有 {missing[0]}", en=f"an untouched file has no {missing[0]}")
            continue
        verdict = _judged(test, untouched)
        wanted = WRONG if debugging & set(test.exercises) else UNWRITTEN
        if verdict.mark != wanted:
            fix = say(
                zh="练习的格子里，# solution 之前什么也别做；测试里先调用学习者的函数，再用它的结果",
                en="let the exercise do nothing above # solution, and the test call the learner's function first",
            )
            zh, en = f"未写的练习应得 {wanted}：{verdict}", f"what is not written should be {wanted}: {verdict}"
            yield page.bad(_line(test), fix, zh=zh, en=en, file="tests.py")


def _untouched(page: Page) -> dict[str, Any]:
    """What the learner's file defines before anything is written."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "answers.py"
        path.write_text(page.lesson.view("en"), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(f"{page.lesson.name}.untouched", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return vars(module)


def _line_of(error: Exception, page: Page) -> int:
    """The line of the lesson that stands where an error was in the learner's file."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith("answers.py")]
    view = page.lesson.view("en").split("\n")
    text = view[(frames[0].lineno or 1) - 1] if frames else ""
    return page.lines.index(text) + 1 if text in page.lines else 1


@rule
def mistakes_are_three(page: Page) -> Iterator[Finding]:
    names = [cell.data["exercise"] for cell in page.exercises]
    for cell in page.exercises:
        name = cell.data["exercise"]
        if (count := len(mistakes_of(page.lesson.name, name))) < MISTAKES:
            fix = say(
                zh=f"在 mistakes.py 里补到 {MISTAKES} 个：学习者真会写的错误答案",
                en=f"write {MISTAKES} in mistakes.py: wrong answers that learners do write",
            )
            yield page.bad(cell.line, fix, zh=f"{name} 只有 {count} 个错误答案", en=f"{name} has {count} mistakes")
    for mistake in mistakes_of(page.lesson.name):
        if mistake.exercise not in names:
            fix = say(zh="写练习的名字", en="write an exercise's name")
            yield page.bad(
                _line(mistake.function),
                fix,
                zh=f"没有练习 {mistake.exercise}",
                en=f"there is no exercise {mistake.exercise}",
                file="mistakes.py",
            )


@rule
def mistakes_are_named(page: Page) -> Iterator[Finding]:
    """Each is rejected, and the verdict says which it is."""
    tapes: dict[str, dict[str, Any]] = {}
    for mistake in mistakes_of(page.lesson.name):
        if mistake.exercise not in page.lesson.names:
            continue
        verdicts = _verdicts(page, mistake.exercise, mistake.function, tapes=tapes.setdefault(mistake.exercise, {}))
        names = [verdict.mistake for verdict in verdicts if verdict.mark == WRONG]
        if mistake.name in names:
            continue
        told = "\n".join(map(str, verdicts))
        fix = say(
            zh="让测试再比一个能区分的情形，或删去这个错误",
            en="let the test compare a case that tells, or take the mistake out",
        )
        zh = (
            f"{mistake.exercise}：{mistake.name} 被当作 {names}：\n{told}"
            if names
            else f"{mistake.exercise}：没有测试拒绝 {mistake.name}"
        )
        en = (
            f"{mistake.exercise}: {mistake.name} is taken for {names}:\n{told}"
            if names
            else f"{mistake.exercise}: no test rejects {mistake.name}"
        )
        yield page.bad(_line(mistake.function), fix, zh=zh, en=en, file="mistakes.py")


@rule
def every_exercise_has_a_variant(page: Page) -> Iterator[Finding]:
    varied = {variant.exercise for variant in variants_of(page.lesson.name)}
    for cell in page.exercises:
        if cell.data.get("kind") != "debug" and (name := cell.data["exercise"]) not in varied:
            fix = say(
                zh="在 variants.py 里写一个：同样正确、换一种写法",
                en="write one in variants.py: as right, in another way",
            )
            yield page.bad(cell.line, fix, zh=f"{name} 没有别的写法", en=f"{name} has no variant")
    for name in varied - set(page.lesson.names):
        fix = say(zh="写练习的名字", en="write an exercise's name")
        yield page.bad(1, fix, zh=f"没有练习 {name}", en=f"there is no exercise {name}", file="variants.py")


@rule
def variants_are_accepted(page: Page) -> Iterator[Finding]:
    for variant in variants_of(page.lesson.name):
        for verdict in (
            _verdicts(page, variant.exercise, variant.function) if variant.exercise in page.lesson.names else []
        ):
            if verdict.mark != RIGHT:
                fix = say(zh="它是对的：放宽测试", en="it is right: let the test accept it")
                zh = f"{variant.exercise}：{variant.name} 被拒绝：\n{verdict}"
                en = f"{variant.exercise}: {variant.name} is rejected:\n{verdict}"
                yield page.bad(_line(variant.function), fix, zh=zh, en=en, file="variants.py")


@rule
def untouched_cells_are_quiet(page: Page) -> Iterator[Finding]:
    """The learner's file, as it is made, runs cell by cell without one error. Its code is the same in both languages."""
    for ran in cells.run(page.workspace, page.lesson, page.lesson.view("zh"), "zh"):
        if ran.error:
            fix = say(
                zh="把需要正确答案的代码放到 if tests.test_f(f): 下面",
                en="put what needs a right answer under if tests.test_f(f):",
            )
            line = next((i for i, text in enumerate(page.lines, 1) if text == ran.first), 1)
            zh, en = f"未写时这一格出错：{ran.error}", f"untouched, this cell ends in an error: {ran.error}"
            yield page.bad(line, fix, zh=zh, en=en)


@rule
def finished_cells_are_right(page: Page) -> Iterator[Finding]:
    """With the solutions the lesson runs cell by cell without an error, and no cell says ✗ or ○."""
    for ran in cells.run(page.workspace, page.lesson, page.lesson.text, "en"):
        said = next((line for line in ran.output.split("\n") if line.startswith((WRONG, UNWRITTEN))), "")
        if why := ran.error or said:
            fix = say(zh="让这一格只用前面已有的东西", en="let the cell use only what is there by then")
            line = next((i for i, text in enumerate(page.lines, 1) if text == ran.first), 1)
            zh, en = f"用解答运行，这一格说：{why}", f"run with the solutions, this cell says: {why}"
            yield page.bad(line, fix, zh=zh, en=en)


NUMBER = re.compile(r"(?<![\w.])[-−–]?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?%?|inf|nan)(?!\w|\.\d)")


def numbers_in(text: str) -> set[str]:
    return {found.translate(str.maketrans("−–", "--")) for found in NUMBER.findall(text)}


def shows(listed: str, printed: set[str]) -> bool:
    """Whether a printed number is the listed one, or is it when rounded to its decimals."""
    if listed in printed:
        return True
    wanted = Decimal(listed.rstrip("%"))
    places = wanted.as_tuple().exponent
    # A number without decimals is not a rounded one, and inf and nan have no digits at all.
    half = Decimal(5).scaleb(places - 1) if isinstance(places, int) and places < 0 else Decimal(0)
    alike = (Decimal(number.rstrip("%")) for number in printed if number.endswith("%") == listed.endswith("%"))
    return any(value.is_finite() and wanted.is_finite() and abs(value - wanted) <= half for value in alike)


@rule
def numbers_are_printed(page: Page) -> Iterator[Finding]:
    """`numbers="0.27 0.73"` on a marker: each stands in the text, and in what the nearest code cell above or below prints."""
    listing = [cell for cell in page.prose if cell.data.get("numbers")]
    ran = cells.run(page.workspace, page.lesson, page.lesson.text, "en") if listing else ()
    for cell in listing:
        printed = _printed_around(page, cell, [one.output for one in ran])
        for number in cell.data["numbers"].replace("−", "-").split():
            yield from _missing(page, cell, number, printed)


def _missing(page: Page, cell: Cell, number: str, printed: set[str]) -> Iterator[Finding]:
    if not re.fullmatch(NUMBER, number):
        fix = say(zh='写成 numbers="0.27 0.73"', en='write numbers="0.27 0.73"')
        yield page.bad(cell.line, fix, zh=f"{number} 不是数", en=f"{number} is no number")
        return
    if number not in numbers_in(cell.source.replace("$", " ")):
        fix = say(zh="正文和标记写同一个数", en="let text and marker say the same")
        yield page.bad(cell.line, fix, zh=f"正文里没有 {number}", en=f"{number} is not in the text")
    if not shows(number, printed):
        fix = say(zh="让旁边的代码打印它，或改正文", en="let the code beside it print it, or mend the text")
        yield page.bad(
            cell.line, fix, zh=f"旁边的代码没有打印 {number}", en=f"the code beside it does not print {number}"
        )


def _printed_around(page: Page, cell: Cell, outputs: list[str]) -> set[str]:
    code = [other for other in page.cells if other.code]
    above = [i for i, other in enumerate(code) if other.line < cell.line][-1:]
    below = [i for i, other in enumerate(code) if other.line > cell.line][:1]
    return numbers_in("\n".join(outputs[i] for i in above + below if i < len(outputs)))


IMPORTING = (importing_is_silent,)
JUDGED = (
    every_exercise_has_a_test,
    solutions_pass,
    stubs_are_unwritten,
    mistakes_are_three,
    mistakes_are_named,
    every_exercise_has_a_variant,
    variants_are_accepted,
    untouched_cells_are_quiet,
    finished_cells_are_right,
    numbers_are_printed,
)
