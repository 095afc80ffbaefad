"""A lesson as a Jupyter notebook for Colab, Jupyter and VS Code: hints, answers and solutions folded in, set up by its first cell."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coach.answers.learner import cell as cell_of
from coach.course.lesson import Lesson
from coach.course.percent import HIDDEN, MARK, fenced, parse, tags_of, write
from coach.course.workspace import Workspace
from coach.files import create, write_atomically
from coach.words import LANGUAGES, Trouble

SETUP, SOLUTION = "setup", "solution"  # tags of cells that no script has
OURS = HIDDEN | {SETUP, SOLUTION}
BRANCH = "notebooks"  # where the workflow publishes them, see .github/workflows/notebooks.yml
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")
# Folded where an editor can: `cellView` is Colab's, `jupyter` is JupyterLab's.
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}

FIRST_CELL = """\
# @title {title} {{ display-mode: "form" }}
# {first}
# {second}
def set_up(source={source!r}, lesson={lesson!r}):
    import os
    import subprocess
    import sys
    from importlib import invalidate_caches
    from importlib.util import find_spec
    from pathlib import Path

    os.environ["COACH_LANG"] = {lang!r}

    def found():
        around = (Path.cwd(), *Path.cwd().parents, Path.cwd() / "course")
        return next((folder for folder in around if (folder / "coach" / "__init__.py").is_file()), None)

    if not found() and source and "google.colab" in sys.modules:
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", source, "course"], check=False)
        if found():
            subprocess.run([sys.executable, str(found() / ".ci" / "colab")], check=False)
            invalidate_caches()
    if folder := found():
        chapters = sorted(folder.glob("chapter*/exercises"))
        # behind what is installed, whose names win, but before another copy of the course
        place = max(i for i, path in enumerate(sys.path, 1) if i == 1 or path.endswith("-packages"))
        sys.path[place:place] = map(str, (folder, *chapters))
        for chapter in chapters:
            if "google.colab" in sys.modules and (chapter / lesson).is_dir():
                os.chdir(chapter / lesson)
    needed = ("coach", lesson, "torch", "einops", "jaxtyping", "beartype", "plotly")
    missing = [name for name in needed if not find_spec(name)]
    if not missing:
        print({ready!r})
    elif missing[0] in ("coach", lesson):
        print({absent!r})
    else:
        print({incomplete!r}, *missing)


set_up()
del set_up"""

WORDS = {
    "zh": {
        "title": "准备：先运行这一格",
        "first": "在 Colab 里，它取回课程，装好缺的包。在自己的电脑上，它只找课程，不联网。",
        "second": "然后从上到下运行。你写的代码就在这个 notebook 里，由每格末尾的测试来判。",
        "ready": "✓ 准备好了",
        "absent": "✗ 找不到课程。没有网络时：把课程的压缩包（见它的 Releases 页）解压，把这个 notebook 放进解压后的文件夹，"
        "在那里运行 pip install -r requirements.txt，用那个 Python 打开，再运行这一格。",
        "incomplete": "✗ 缺少这些包：在课程的文件夹里运行 pip install -r requirements.txt，用那个 Python 打开，再运行这一格。缺：",
    },
    "en": {
        "title": "Set up: run this cell first",
        "first": "In Colab it gets the course and installs what is missing. On your own machine it only looks for the course, without the network.",
        "second": "Then run from top to bottom. Your code stays in this notebook, and the test at the end of each cell judges it.",
        "ready": "✓ Ready",
        "absent": "✗ The course is not here. Without a network: unpack the course's zip file (from its Releases page), put this notebook "
        "into the folder that comes out, run pip install -r requirements.txt there, open the notebook with that Python, and run this cell again.",
        "incomplete": "✗ Packages are missing: run pip install -r requirements.txt in the course's folder, open the notebook with that Python, and run this cell again. Missing:",
    },
}
SUMMARY = {
    "hint": {"zh": "提示 {}", "en": "Hint {}"},
    "answer": {"zh": "答案", "en": "Answer"},
    SOLUTION: {"zh": "参考解答（先自己写）", "en": "Solution (write your own first)"},
}


def notebook(text: str, lesson: Lesson, lang: str, source: str = "") -> Any:
    """The percent script `text` as a notebook without outputs.

    Hints and the solution follow their exercise, answers their question. `source` is where Colab gets the course.
    """
    from nbformat.v4 import new_markdown_cell

    result = parse(text)
    result.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    folded = _folded(lesson, lang)
    cells = [*_badge(lesson, lang, source), _first(lesson, lang, source)]
    for cell in result.cells:
        cells.append(cell)
        for tag, body in folded.get(cell.metadata.get("exercise") or cell.source, []):
            cells.append(new_markdown_cell(body, metadata={"lang": lang, "tags": [tag]}))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the same file every time
    result.cells = cells
    return result


def script(notebook: Any) -> str:
    """The percent script that a notebook of ours was made from: what was added is left out again."""

    plain = notebook.copy()
    plain.cells = [cell for cell in notebook.cells if not tags_of(cell) & OURS]
    plain.metadata = {key: value for key, value in notebook.metadata.items() if key != "kernelspec"}
    return write(plain)


def save(notebook: Any, path: Path) -> None:
    """Writes the notebook; `Trouble` if there is a file already, which stays as it is."""
    try:
        create(path, _written(notebook))
    except FileExistsError:
        zh = f"{path} 已经存在，没有覆盖它。换个名字（--output），或先把它移走。"
        raise Trouble(
            zh=zh, en=f"{path} is there already, and was left alone. Name another with --output, or move it away."
        ) from None


def publish(workspace: Workspace, folder: Path, source: str) -> Iterator[Path]:
    """Writes every lesson untouched, in both languages, and a page with a badge for each; `source` is the repository."""
    if not ADDRESS.fullmatch(source):
        zh = f"{source} 不是 GitHub 仓库的地址：写成 https://github.com/谁/什么。"
        raise Trouble(zh=zh, en=f"{source} is no repository's address on GitHub: write https://github.com/WHO/WHAT.")
    rows = []
    for lesson in workspace.lessons:
        cells = [str(lesson.day)]
        for lang in LANGUAGES:
            path = folder / place(lesson, lang)
            write_atomically(path, _written(notebook(lesson.view(lang), lesson, lang, source)))
            yield path
            cells.append(f"[{lesson.title[lang]}]({place(lesson, lang)}) {in_colab(source, place(lesson, lang))}")
        rows.append(f"| {' | '.join(cells)} |\n")
    page = folder / "README.md"
    head = (
        f"# Notebooks · notebook 版\n\nMade from {source} by its workflow; do not edit. · 由工作流生成，请勿修改。\n\n"
    )
    write_atomically(page, (head + "|  | 中文 | English |\n|---|---|---|\n" + "".join(rows)).encode("utf-8"))
    yield page


def place(lesson: Lesson, lang: str) -> str:
    """Where the lesson's notebook stands in what `publish` writes."""
    return f"{lang}/{lesson.name}.ipynb"


def in_colab(source: str, place: str) -> str:
    """The badge that opens a published notebook in Colab; "" where `source` is no address on GitHub."""
    address = ADDRESS.fullmatch(source)
    opened = address and f"https://colab.research.google.com/github/{address[1]}/blob/{BRANCH}/{place}"
    return f"[![Open In Colab]({BADGE})]({opened})" if opened else ""


def _written(notebook: Any) -> bytes:
    import nbformat

    # the order of a cell's metadata is part of its percent script
    return (nbformat.writes(notebook, sort_keys=False) + "\n").encode("utf-8")


def _badge(lesson: Lesson, lang: str, source: str) -> list[Any]:
    """On GitHub's page of a notebook, the way from there into Colab."""
    from nbformat.v4 import new_markdown_cell

    badge = in_colab(source, place(lesson, lang))
    return [new_markdown_cell(badge, metadata={"tags": [SETUP]})] if badge else []


def _first(lesson: Lesson, lang: str, source: str) -> Any:
    """The cell that finds the course, and in Colab gets it."""
    from nbformat.v4 import new_code_cell

    text = FIRST_CELL.format(source=source, lesson=lesson.name, lang=lang, **WORDS[lang])
    return new_code_cell(text, metadata=FOLDED | {"tags": [SETUP]})


def _folded(lesson: Lesson, lang: str) -> dict[str, list[tuple[str, str]]]:
    """What is folded under an exercise (by its name) and under a question (by its text)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for exercise in lesson.exercises:
        hints = enumerate(exercise.hints.get(lang, []), 1)
        found[exercise.name] = [("hint", _details("hint", lang, hint, number)) for number, hint in hints]
        solved = [line for line in cell_of(lesson.text, exercise.name)[1:] if line.strip() != MARK]
        found[exercise.name].append((SOLUTION, _details(SOLUTION, lang, fenced("\n".join(solved), "python"))))
    for question in lesson.questions:
        found[question.text[lang]] = [("answer", _details("answer", lang, question.answer[lang]))]
    return found


def _details(tag: str, lang: str, body: str, number: int = 0) -> str:
    summary = SUMMARY[tag][lang].format(number)
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"
