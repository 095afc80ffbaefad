"""The percent script as text: its markers, its cells, what a view leaves out. The only reader of the format."""

import ast
import itertools
import re
from typing import Any

from coach.words import LANGUAGES

MARK = "# solution"
STUB = "raise NotImplementedError"
MAIN = 'if __name__ == "__main__":'
HIDDEN = {"hint", "answer"}
ORDER = ["lang", "order", "exercise", "kind", "difficulty", "importance", "minutes", "numbers", "tags", "see"]
CELL = re.compile(r"^(?=#[ \t]*%%)", flags=re.MULTILINE)
NAMED = re.compile(r'#[ \t]*%%.*\bexercise="([^"]+)"')
SPOKEN = re.compile(r'^#[ \t]*%%.*\blang="(zh|en)"', re.MULTILINE)
# A comment stays a comment: jupytext would make a command of `# !rm x`, or of a comment that begins with `cat`.
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
# Words on a cell's marker by which jupytext takes the comments beneath it for code.
WAKES = re.compile(r"""^(#\s*%%.*?(?:\b|["']))(language=|active=|active-)""", re.MULTILINE)


def parse(text: str) -> Any:
    """The notebook that the percent script `text` is: its code is code, and its comments are comments."""
    import jupytext

    while (asleep := WAKES.sub(r"\1was_\2", text)) != text:
        text = asleep
    return jupytext.reads(text, fmt=PERCENT)


def write(notebook: Any) -> str:
    """The percent script that `notebook` is; a notebook's file sorts the words on a cell's first line, this doesn't."""
    import jupytext

    for cell in notebook.cells:
        words = sorted(cell.metadata.items(), key=lambda item: ORDER.index(item[0]) if item[0] in ORDER else len(ORDER))
        cell.metadata = type(cell.metadata)(words)
    text = jupytext.writes(notebook, fmt=PERCENT)
    return text if text.endswith("\n") else text + "\n"


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def without_solutions(source: str) -> str:
    """`source` with each block from `# solution` on become one bare `raise NotImplementedError`.

    At module level the block ends before `if __name__ == "__main__":` and is left out whole: importing must not raise.
    The blank lines above what follows stay as they are, or as they are above the mark: the formatter would put them back.
    """
    kept, lines = [], source.split("\n")
    while lines:
        line = lines.pop(0)
        if line.strip() != MARK:
            kept.append(line)
            continue
        depth, blanks = indent(line), 0
        while lines and (not lines[0].strip() or (indent(lines[0]) >= depth and not lines[0].startswith(MAIN))):
            blanks = 0 if lines.pop(0).strip() else blanks + 1
        above = len(kept)
        kept = [*kept, " " * depth + STUB] if depth else trimmed(kept)
        kept += [""] * max(blanks, above - len(kept))
    return "\n".join(trimmed(kept))


def trimmed(lines: list[str]) -> list[str]:
    """`lines` without the blank ones at their end."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def language_of(cell: Any) -> str | None:
    return cell.metadata.get("lang")


def tags_of(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def view(text: str, lang: str) -> str:
    """The learner's file: the lesson `text` in one language, without solutions, hints and answers."""
    notebook = parse(text)
    notebook.cells = [c for c in notebook.cells if language_of(c) in (None, lang) and not tags_of(c) & HIDDEN]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = without_solutions(cell.source)
    return write(notebook)


def named_on(line: str) -> str:
    """The exercise that a cell's marker names, "" if none."""
    named = NAMED.match(line)
    return named[1] if named else ""


def cell_span(text: str, exercise: str) -> tuple[int, int] | None:
    """The lines [first, end) of `exercise`'s cell in a percent script that may not parse; None if it is not there.

    Lines are what `text.split("\\n")` gives, as editors count them: a form feed ends none.
    """
    lines = text.split("\n")
    for first, line in enumerate(lines):
        if (named := NAMED.match(line)) and named[1] == exercise:
            rest = range(first + 1, len(lines))
            return first, next((i for i in rest if CELL.match(lines[i])), len(lines))
    return None


def spoken_in(text: str) -> str | None:
    """The language that a learner's file is written in, told by its cells; None if no cell says."""
    found = SPOKEN.findall(text)
    return max(LANGUAGES, key=found.count) if found else None


def cells_of(data: bytes) -> list[tuple[int, str]]:
    """The file's cells, from marker to marker, each with the number of lines above it; UnicodeDecodeError if not UTF-8."""
    cells = CELL.split(data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    above = itertools.accumulate((cell.count("\n") for cell in cells[:-1]), initial=0)
    return list(zip(above, cells, strict=True))


def defined_by(node: ast.stmt) -> str:
    """The name of the function, class or variable that this statement makes, "" if none or several."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""


def is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).replace('"', "'") == "__name__ == '__main__'"
