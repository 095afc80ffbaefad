"""The percent script as text: its markers, its cells, what a view leaves out. The only reader of the format."""

import ast
import itertools
import re
import warnings
from functools import lru_cache
from typing import Any

from coach.words import LANGUAGES, Trouble

MARK = "# solution"
STUB = "raise NotImplementedError"
MAIN = 'if __name__ == "__main__":'
HIDDEN = {"hint", "answer"}
ORDER = ["lang", "order", "exercise", "kind", "difficulty", "importance", "minutes", "numbers", "tags", "see"]
CELL = re.compile(r"^(?=#[ \t]*%%(?![a-zA-Z]))", flags=re.MULTILINE)  # `# %%time` is a cell's magic, commented out
MARKER = re.compile(r"#[ \t]*%%(?!%)(?:\s|$)")  # where jupytext begins a cell
LONG_STRING = re.compile(
    r"""#[^\n]*|(\"{3}|'{3})(?:\\.|(?!\1).)*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL
)
NAMED = re.compile(r'#[ \t]*%%.*\bexercise="([^"]+)"')
OURS = re.compile(r'^#[ \t]*%%.*\b(?:exercise|lang)="', re.MULTILINE)
SPOKEN = re.compile(r'^#[ \t]*%%.*\blang="(zh|en)"', re.MULTILINE)
# A comment stays a comment: jupytext would make a command of `# !rm x`, or of a comment that begins with `cat`.
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
# Words on a cell's marker by which jupytext takes the comments beneath it for code.
WAKES = re.compile(r"""^(#\s*%%.*?)\b(language|active)(?=["']?\s*[=:]|-)""", re.MULTILINE)
INDENTED = re.compile(r"^([ \t]+#)(?=\s*%%)", re.MULTILINE)  # a marker to jupytext, and to no editor
HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
ASIDE = "\ue000"
# What Python raises of a text that it can't read: of one nested too deeply, the last two.
NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(text: str) -> Any:
    """The notebook that the percent script `text` is: its code is code, and its comments are comments.

    `Trouble` if the words on a cell's marker make no sense.
    """
    import jupytext  # noqa: F401  (where it is missing, that is no marker's fault)

    while (asleep := WAKES.sub(r"\1was_\2", text)) != text:
        text = asleep
    try:
        notebook = _read(INDENTED.sub(rf"\1{ASIDE}", text))
    except Exception:  # jupytext and nbformat raise whatever their code stumbles over
        for number, line in enumerate(text.split("\n"), 1):
            if MARKER.match(line) and not _readable(line):
                zh = f"第 {number} 行的标记读不出来：{line.strip()}"
                raise Trouble(zh=zh, en=f"line {number}: this marker can't be read: {line.strip()}") from None
        raise
    for cell in notebook.cells:
        cell.source = cell.source.replace(f"#{ASIDE}", "#")
    return notebook


def _read(text: str) -> Any:
    import jupytext

    notebook = jupytext.reads(text, fmt=PERCENT)
    if not all(isinstance(cell.metadata.get(key, ""), str) for cell in notebook.cells for key in ("lang", "exercise")):
        raise TypeError("a name and a language are texts")
    return notebook


def _readable(marker: str) -> bool:
    try:
        _read(f"{marker}\n#\n")
    except Exception:
        return False
    return True


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


def headings(source: str) -> list[tuple[int, str]]:
    """The headings of Markdown, each with its level; a comment in a block of code is none."""
    found, fence = [], ""
    for line in source.split("\n"):
        if edge := FENCE.match(line):
            fence = "" if fence and edge[1].startswith(fence) else fence or edge[1]
        elif not fence and (heading := HEADING.match(line)):
            found.append((len(heading[1]), heading[2].rstrip()))
    return found


def fenced(text: str, language: str = "") -> str:
    """`text` as a block of code in Markdown, whatever it holds."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def named_on(line: str) -> str:
    """The exercise that a cell's marker names, "" if none."""
    named = NAMED.match(line)
    return named[1] if named else ""


@lru_cache(maxsize=8)
def parsed(text: str) -> ast.Module | None:
    """The tree of a script whose newlines are `\\n`; None where it is no Python, or its lines are others to Python."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of a learner's docstrings, say
            return None if "\r" in text else ast.parse(text)
    except NO_PYTHON:
        return None


@lru_cache(maxsize=8)
def markers(text: str) -> tuple[int, ...]:
    """The lines (from 0) on which a cell begins; a line like that within a string begins none.

    Lines are what `text.split("\\n")` gives, as editors count them: a form feed ends none.
    """
    lines = text.split("\n")
    found = [i for i, line in enumerate(lines) if CELL.match(line)]
    inside = _within_strings(text.replace("\r\n", "\n")) if found else set()
    return tuple(i for i in found if i not in inside)


def _within_strings(text: str) -> set[int]:
    """The lines (from 0) that begin within a string.

    Where a quote may be missing, a string that would reach over a marker of the lesson's own is none.
    """
    if tree := parsed(text):
        strings = (n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr | ast.Constant))
        spans = [(n.lineno, n.end_lineno or n.lineno) for n in strings]
    else:
        found = (m for m in LONG_STRING.finditer(text) if m[1] and not OURS.search(m[0]))
        spans = [(text.count("\n", 0, m.start()) + 1, text.count("\n", 0, m.end()) + 1) for m in found]
    return {line for first, last in spans for line in range(first, last)}


def cell_spans(text: str) -> list[tuple[int, int]]:
    """The lines [first, end) of every cell, in order; what stands above the first marker is a cell, too."""
    total = len(text.split("\n"))
    starts = sorted({0, *markers(text)})
    return list(zip(starts, [*starts[1:], total], strict=True))


def cell_span(text: str, exercise: str) -> tuple[int, int] | None:
    """The lines [first, end) of `exercise`'s cell in a percent script that may not parse; None if it is not there."""
    lines = text.split("\n")
    return next((span for span in cell_spans(text) if named_on(lines[span[0]]) == exercise), None)


def spoken_in(text: str) -> str | None:
    """The language that a learner's file is written in, told by its cells; None if no cell says."""
    found = SPOKEN.findall(text)
    return max(LANGUAGES, key=found.count) if found else None


def cells_of(data: bytes) -> list[tuple[int, str]]:
    """The file's cells, from marker to marker, each with the number of lines above it; UnicodeDecodeError if not UTF-8.

    Quick, and a guess: a marker within a string cuts, too, so who compiles a cell falls back on the whole.
    """
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
    match node:
        case ast.If(test=ast.Compare(ast.Name("__name__"), ops=[ast.Eq()], comparators=[ast.Constant("__main__")])):
            return True
    return False
