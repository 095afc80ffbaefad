"""The rules on a lesson's files, markers and code."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator

from coach.course.imports import imports
from coach.course.lesson import MOST
from coach.course.percent import HIDDEN, MAIN, MARK, MARKER, NO_PYTHON, ORDER, STUB, defined_by, parse, write
from coach.rules.page import PARTS, Finding, Page, rule
from coach.words import LANGUAGES, Trouble, say

TAGS = {"hint", "question", "answer", "bonus"}
RANGES = {key: range(1, most + 1) for key, most in MOST.items()}
LONGEST, MEDIAN = 40, 8  # lines of a function


# What the other rules stand on: where one of these finds something, the others are not asked.


@rule
def files_are_there(page: Page) -> Iterator[Finding]:
    for name in PARTS:
        if not (page.lesson.folder / f"{name}.py").is_file():
            fix = say(zh="补上它；模板：coach lesson new", en="write it; coach lesson new shows its form")
            yield page.bad(1, fix, zh="没有这个文件", en="this file is missing", file=f"{name}.py")


@rule
def files_parse(page: Page) -> Iterator[Finding]:
    for path in page.files:
        try:
            ast.parse(path.read_text(encoding="utf-8"))
        except NO_PYTHON as error:  # what isn't UTF-8 is a ValueError, too
            line = getattr(error, "lineno", 1) or 1
            fix = say(zh="改好这一行；文件用 UTF-8 保存", en="mend this line; save the file in UTF-8")
            yield page.bad(line, fix, zh=f"Python 读不了：{error}", en=f"Python can't read it: {error}", file=path)


@rule
def markers_are_read(page: Page) -> Iterator[Finding]:
    """Every word on a cell's marker is known, and of the right kind."""
    fix = say(
        zh='写法：# %% [markdown] lang="zh" tags=["hint"]，或 # %% exercise="f" difficulty=2 importance=3 minutes=10',
        en='write # %% [markdown] lang="en" tags=["hint"], or # %% exercise="f" difficulty=2 importance=3 minutes=10',
    )
    for number, line in enumerate(page.lines, 1):
        if MARKER.match(line):
            for zh, en in _strange_on(line):
                yield page.bad(number, fix, zh=zh, en=en)


def _strange_on(marker: str) -> Iterator[tuple[str, str]]:
    try:
        data = parse(f"{marker.strip()}\n#\n").cells[0].metadata
    except Trouble:
        yield "标记行读不出来", "this marker can't be read"
        return
    for key in set(data) - set(ORDER) - {"region_name"}:
        yield f"标记行上有不认识的 {key}", f"{key} on the marker is unknown"
    for key, kind in (("lang", str), ("exercise", str), ("see", str), ("numbers", str), ("order", int)):
        if key in data and type(data[key]) is not kind:
            yield f"{key} 应为 {kind.__name__}", f"{key} must be a {kind.__name__}"
    if data.get("lang", "zh") not in LANGUAGES:
        yield f'lang="{data["lang"]}"：只有 zh 和 en', f'lang="{data["lang"]}": there are zh and en'
    if data.get("kind", "write") not in ("write", "debug"):
        yield f'kind="{data["kind"]}"：只有 debug', f'kind="{data["kind"]}": there is debug only'
    for tag in sorted(set(map(str, data.get("tags", ()))) - TAGS):
        yield f"不认识标签 {tag}", f"the tag {tag} is unknown"


@rule
def exercises_are_described(page: Page) -> Iterator[Finding]:
    """Difficulty, importance and minutes, within their ranges; one definition of that name in the cell; no name twice."""
    seen: set[str] = set()
    for cell in page.exercises:
        name = cell.data["exercise"]
        for key, allowed in RANGES.items():
            value = cell.data.get(key)
            if type(value) is not int or value not in allowed:
                zh = f"{name} 的 {key} 是 {value}" if key in cell.data else f"{name} 没有 {key}"
                en = f"{key} of {name} is {value}" if key in cell.data else f"{name} has no {key}"
                where = f"{allowed[0]} – {allowed[-1]}"
                fix = say(zh=f"在标记行写 {key}=…（{where} 的整数）", en=f"write {key}=… on the marker ({where})")
                yield page.bad(cell.line, fix, zh=zh, en=en)
        if name in seen:
            fix = say(zh="换一个名字", en="give it another name")
            yield page.bad(cell.line, fix, zh=f"练习 {name} 有两个", en=f"there are two exercises {name}")
        seen.add(name)
        if name not in {defined_by(node) for node in _statements(cell.source)}:
            fix = say(zh=f"在格子里定义 {name}", en=f"define {name} in the cell")
            yield page.bad(cell.line, fix, zh=f"这一格没有定义 {name}", en=f"this cell does not define {name}")


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


SET = [("question", "zh"), ("question", "en"), ("answer", "zh"), ("answer", "en")]


@rule
def questions_are_answered(page: Page) -> Iterator[Finding]:
    """question zh, question en, answer zh, answer en, side by side."""
    kinds = [(next(iter(cell.tags & {"question", "answer"}), ""), cell.lang) for cell in page.cells]
    i = 0
    while i < len(kinds):
        if kinds[i : i + len(SET)] == SET:
            i += len(SET)
            continue
        if kinds[i][0]:
            zh, en = (
                "依次写：问题 zh、问题 en、答案 zh、答案 en",
                "write question zh, question en, answer zh, answer en",
            )
            line = page.cells[i].line
            yield page.bad(line, say(zh=zh, en=en), zh="问题和答案不成套", en="question and answer are not a set")
            while i + 1 < len(kinds) and kinds[i + 1][0] and kinds[i + 1] != SET[0]:
                i += 1  # the rest of the same set
        i += 1


# The rest, in the order of a file.


@rule
def begins_with_a_marker(page: Page) -> Iterator[Finding]:
    if not re.match(r"# %%( \[markdown\]|$)", page.lines[0]):
        fix = say(zh="第一行写 # %% 或 # %% [markdown]", en="let the first line be # %% or # %% [markdown]")
        yield page.bad(
            1, fix, zh="第一个标记之前的内容不属于任何格子", en="what stands above the first marker is in no cell"
        )
    for number, line in enumerate(page.lines, 1):
        if re.match(r"\s+# ?%%", line):
            fix = say(zh="顶格写，或去掉", en="begin it at the margin, or take it out")
            yield page.bad(
                number,
                fix,
                zh="缩进的标记不切开格子，却容易看错",
                en="an indented marker splits no cell, and looks as if it did",
            )


@rule
def the_title_names_the_day(page: Page) -> Iterator[Finding]:
    day = page.lesson.day
    for lang, wanted in (("zh", f"# 第 {day} 天 · "), ("en", f"# Day {day} · ")):
        cell = next((cell for cell in page.prose if cell.lang == lang), None)
        if (
            not cell
            or not cell.source.startswith(wanted)
            or not cell.source.split("\n")[0].removeprefix(wanted).strip()
        ):
            fix = say(zh=f"第一格以“{wanted}…”开头", en=f"begin its first cell with “{wanted}…”")
            line = cell.line + 1 if cell else 1
            yield page.bad(
                line, fix, zh=f"标题（{lang}）没有写明第几天", en=f"the title ({lang}) does not name the day"
            )


@rule
def the_readme_lists_it(page: Page) -> Iterator[Finding]:
    for name in ("README.md", "README.zh-CN.md"):
        path = page.workspace.root / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not re.search(rf"^\| {page.lesson.day} \| `{page.lesson.name}` \| \S", text, re.MULTILINE):
            row = f"| {page.lesson.day} | `{page.lesson.name}` | … |"
            fix = say(zh=f"在表里加一行：{row}", en=f"add a row to its table: {row}")
            yield page.bad(1, fix, zh="表里没有这一课", en="its table lacks this lesson", file=path)


@rule
def headings_name_the_exercise(page: Page) -> Iterator[Finding]:
    """`### Exercise · title · 15 min` above each, with the marker's minutes, in both languages."""
    above: dict[str, tuple[int, str]] = {}
    for cell in page.cells:
        if not cell.code and not cell.tags - {"bonus"}:
            above[cell.lang] = (cell.line + 1, cell.source.split("\n")[0])
        elif cell.code and "exercise" in cell.data:
            minutes = cell.data.get("minutes")
            for lang, first, last in (("zh", "练习", "分钟"), ("en", "Exercise", "min")):
                line, heading = above.pop(lang, (cell.line, ""))
                if not re.fullmatch(rf"### {first} · \S.* · {minutes} {last}", heading):
                    fix = say(
                        zh=f"写成：### {first} · … · {minutes} {last}", en=f"write ### {first} · … · {minutes} {last}"
                    )
                    name = cell.data["exercise"]
                    yield page.bad(
                        line, fix, zh=f"{name} 的标题（{lang}）不合", en=f"the heading of {name} ({lang}) is amiss"
                    )


@rule
def views_only_leave_lines_out(page: Page) -> Iterator[Finding]:
    fix = say(zh="看看 # solution 的位置和缩进", en="look where # solution stands, and how it is indented")
    for lang in LANGUAGES:
        for zh, en in _odd_in(page.lesson.view(lang), page, "en" if lang == "zh" else "zh"):
            yield page.bad(1, fix, zh=f"学习者的文件（{lang}）{zh}", en=f"the learner's file ({lang}) {en}")


def _odd_in(view: str, page: Page, other: str) -> Iterator[tuple[str, str]]:
    try:
        ast.parse(view)
    except SyntaxError as error:
        yield f"有语法错误：{error}", f"doesn't parse: {error}"
        return
    source = iter(page.lines)
    kept = (line for line in view.splitlines() if line.strip() not in ("", STUB))
    if line := next((line for line in kept if line not in source), ""):
        yield f"里有一行课里没有，或不在原处：{line}", f"has a line that the lesson lacks, or has elsewhere: {line}"
    hidden = any(set(cell.metadata.get("tags", ())) & HIDDEN for cell in parse(view).cells)
    if hidden or MARK in view or f'lang="{other}"' in view:
        yield "里有不该看到的", "shows what it should hide"


@rule
def each_exercise_begins_unsolved(page: Page) -> Iterator[Finding]:
    for cell in page.exercises:
        if not any(line.strip() == MARK for line in cell.source.split("\n")):
            fix = say(zh="在解答之前写一行 # solution", en="write the line # solution above what solves it")
            name = cell.data["exercise"]
            yield page.bad(
                cell.line, fix, zh=f"{name} 的格子里没有 # solution", en=f"the cell of {name} has no # solution"
            )


@rule
def a_notebook_and_back_loses_nothing(page: Page) -> Iterator[Finding]:
    import nbformat

    notebook = nbformat.writes(parse(page.lesson.text))
    back = write(nbformat.reads(notebook, as_version=4)).split("\n")
    if back != page.lines:
        line = next((i for i, (a, b) in enumerate(zip(back, page.lines, strict=False), 1) if a != b), len(back))
        there = back[line - 1] if line <= len(back) else ""
        fix = say(zh=f"写成：{there!r}", en=f"write {there!r}")
        yield page.bad(
            line, fix, zh="写成 notebook 再读回来就不一样了", en="a notebook made of it reads back otherwise"
        )


@rule
def functions_are_short(page: Page) -> Iterator[Finding]:
    functions = [node for node in ast.walk(page.tree) if isinstance(node, ast.FunctionDef)]
    fix = say(zh="拆开它", en="take it apart")
    for node in functions:
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > LONGEST:
            zh, en = (
                f"{node.name} 有 {length} 行（至多 {LONGEST}）",
                f"{node.name} has {length} lines ({LONGEST} at most)",
            )
            yield page.bad(node.lineno, fix, zh=zh, en=en)
    bodies = [(node.end_lineno or 0) - node.body[0].lineno + 1 for node in functions]
    if bodies and statistics.median(bodies) > MEDIAN:
        zh, en = f"一半的函数超过 {MEDIAN} 行", f"half of its functions are longer than {MEDIAN} lines"
        yield page.bad(1, fix, zh=zh, en=en)


@rule
def annotations_are_evaluated(page: Page) -> Iterator[Finding]:
    for node in page.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            fix = say(zh="去掉它：测试要检查注解", en="take it out: the tests check annotations")
            yield page.bad(
                node.lineno,
                fix,
                zh="`from __future__` 使注解不再求值",
                en="`from __future__` keeps annotations from being evaluated",
            )


@rule
def calls_stand_under_main(page: Page) -> Iterator[Finding]:
    """At module level a lesson defines; what it shows, prints or trains stands under `if __name__ == "__main__":`."""
    for node in page.tree.body:
        if isinstance(node, ast.Expr | ast.For | ast.While | ast.With):
            fix = say(zh=f"放到 {MAIN} 下面", en=f"put it under {MAIN}")
            yield page.bad(node.lineno, fix, zh="导入这一课就会执行这一行", en="importing the lesson runs this line")


@rule
def imports_run_one_way(page: Page) -> Iterator[Finding]:
    """solutions → earlier days; tests never solutions; neither of them mistakes, variants or answers."""
    own, later = page.lesson.name, [x.name for x in page.workspace.lessons if x.day > page.lesson.day]
    hidden = [f"{own}.{part}" for part in ("mistakes", "variants", "answers")]
    fix = say(zh="去掉这个导入", en="take this import out")
    for file, not_these in (("tests.py", [f"{own}.solutions", *hidden]), ("solutions.py", [*hidden, *later])):
        for name, line in imports(page.lesson.folder / file).items():
            if any(name == one or name.startswith(f"{one}.") for one in not_these):
                yield page.bad(line, fix, zh=f"{file} 不能导入 {name}", en=f"{file} may not import {name}", file=file)


@rule
def ruff_would_change_nothing(page: Page) -> Iterator[Finding]:
    for path in page.files:
        if found := re.search(r"^@@ -(\d+).*\n((?: .*\n)*)", _ruff(page, "format", "--diff", str(path)), re.MULTILINE):
            line = int(found[1]) + found[2].count("\n")
            fix = say(zh="运行 ruff format", en="run ruff format")
            yield page.bad(line, fix, zh="不是 ruff 的格式", en="it is not in ruff's format", file=path)
        said = _ruff(page, "check", "--output-format=concise", str(path))
        for found in re.finditer(r":(\d+):\d+: (.*)", said):
            fix = say(zh="改好它，或运行 ruff check --fix", en="mend it, or run ruff check --fix")
            yield page.bad(int(found[1]), fix, zh=f"ruff：{found[2]}", en=f"ruff: {found[2]}", file=path)


def _ruff(page: Page, *words: str) -> str:
    command = [sys.executable, "-m", "ruff", *words[:1], "--quiet", *words[1:]]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=page.workspace.root)
    return done.stdout


GROUND = (files_are_there, files_parse, markers_are_read, exercises_are_described, questions_are_answered)
FORM = (
    begins_with_a_marker,
    the_title_names_the_day,
    the_readme_lists_it,
    headings_name_the_exercise,
    views_only_leave_lines_out,
    each_exercise_begins_unsolved,
    a_notebook_and_back_loses_nothing,
    functions_are_short,
    annotations_are_evaluated,
    calls_stand_under_main,
    imports_run_one_way,
    ruff_would_change_nothing,
)
