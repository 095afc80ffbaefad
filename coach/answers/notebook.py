"""A learner's file as a Jupyter notebook, with the lesson's hints and answers folded in."""

from pathlib import Path
from typing import Any

from coach.course.lesson import Lesson
from coach.course.percent import HIDDEN, parse, tags_of, write
from coach.files import create
from coach.words import Trouble


def notebook(text: str, lesson: Lesson, lang: str) -> Any:
    """The percent script `text` as a notebook without outputs; hints follow their exercise, answers their question."""
    from nbformat.v4 import new_markdown_cell

    result = parse(text)
    result.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    folded = _folded(lesson, lang)
    cells = []
    for cell in result.cells:
        cells.append(cell)
        for tag, source in folded.get(cell.metadata.get("exercise") or cell.source, []):
            cells.append(new_markdown_cell(source, metadata={"lang": lang, "tags": [tag]}))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the same file every time
    result.cells = cells
    return result


def script(notebook: Any) -> str:
    """The percent script that a notebook of ours was made from: what was folded in is left out again."""

    plain = notebook.copy()
    plain.cells = [cell for cell in notebook.cells if not tags_of(cell) & HIDDEN]
    plain.metadata = {key: value for key, value in notebook.metadata.items() if key != "kernelspec"}
    return write(plain)


def save(notebook: Any, path: Path) -> None:
    """Writes the notebook; `Trouble` if there is a file already, which stays as it is."""
    import nbformat

    text = nbformat.writes(notebook, sort_keys=False)  # the order of a cell's metadata is part of its percent script
    try:
        create(path, (text + "\n").encode("utf-8"))
    except FileExistsError:
        zh = f"{path} 已经存在，没有覆盖它。换个名字（--output），或先把它移走。"
        raise Trouble(
            zh=zh, en=f"{path} is there already, and was left alone. Name another with --output, or move it away."
        ) from None


def _folded(lesson: Lesson, lang: str) -> dict[str, list[tuple[str, str]]]:
    """What is folded under an exercise (by its name) and under a question (by its text)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for exercise in lesson.exercises:
        hints = enumerate(exercise.hints.get(lang, []), 1)
        found[exercise.name] = [("hint", _details(_hint(number, lang), hint)) for number, hint in hints]
    for question in lesson.questions:
        answer = _details("答案" if lang == "zh" else "Answer", question.answer[lang])
        found[question.text[lang]] = [("answer", answer)]
    return found


def _hint(number: int, lang: str) -> str:
    return f"提示 {number}" if lang == "zh" else f"Hint {number}"


def _details(summary: str, body: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"
