"""A file compiled cell by cell is the same program as the file compiled whole: on the same lines, with the same errors."""

import ast
import itertools
import types
from pathlib import Path

import pytest

from coach.course.percent import cells_of, is_main
from coach.course.workspace import Workspace
from coach.running.cells import code_of
from coach.running.outline import Outline

LESSONS = Workspace(Path(__file__).resolve().parents[1]).lessons


def functions(code: types.CodeType) -> list[tuple]:
    """Every function in `code` with where it begins and the lines it walks through; their bytes may differ.

    CPython calls `torch.sum` in one of two equal ways, by whether `import torch` stands in what it compiles.
    """
    inside = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    own = [(c.co_qualname, c.co_filename, c.co_firstlineno, walked(c)) for c in inside]
    return own + [found for c in inside for found in functions(c)]


def walked(code: types.CodeType) -> list[int | None]:
    return [line for line, _ in itertools.groupby(line for _, _, line in code.co_lines())]


def by_cells(data: bytes) -> list[tuple]:
    return [found for code in code_of(data, "answers.py") for found in functions(code)]


def whole(data: bytes) -> list[tuple]:
    return functions(compile(data, "answers.py", "exec"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_keeps_every_function_on_its_line(lesson):
    for text in (lesson.text, lesson.view("zh")):
        data = text.encode()
        assert len(code_of(data, "answers.py")) > 10, "cell by cell"
        assert sorted(by_cells(data), key=str) == sorted(whole(data), key=str)
        down = b"# one line more\n" + data  # every cell is known by now, and stands elsewhere
        assert sorted(by_cells(down), key=str) == sorted(whole(down), key=str)


@pytest.mark.parametrize(
    "text",
    [
        'text = """\n# %%\nstill the text\n"""\ndef f():\n    return text\n',
        "x = 1\nif x:\n    y = 2\n# %%\nelse:\n    y = 3\n",
        "total = 1 \\\n# %%\nx = 2\n",
        "# %%\nfrom __future__ import annotations\n# %%\ndef f(x: Nothing): ...\n",
        "# -*- coding: utf-8 -*-\n# %%\nx = 'é'\n",
    ],
    ids=["string", "block", "continued", "future", "coding"],
)
def test_what_reaches_over_several_cells_is_compiled_as_a_whole(text):
    (code,) = code_of(text.encode(), "answers.py")
    assert code.co_code == compile(text, "answers.py", "exec").co_code
    Outline(text.encode())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_are_counted_whatever_ends_them(end):
    data = end.join(["# %%", "x = 1", "# %%", "", "def f():", "    return x", ""]).encode()
    assert len(cells_of(data)) == 3  # nothing stands above the first marker
    assert by_cells(data) == whole(data)
    assert Outline(data).lines == {"x": 2, "f": 5}
    assert Outline(b"\xef\xbb\xbf" + data).lines == {"x": 2, "f": 5}  # with a byte order mark


def test_an_error_stands_on_its_line_of_the_file():
    with pytest.raises(SyntaxError) as raised:
        code_of(b"# %%\nx = 1\n# %%\n\ny = (\n# %%\nz = 2\n", "answers.py")
    assert raised.value.lineno == 5
    with pytest.raises(SyntaxError, match="utf-8"):
        code_of(b"# %%\nx = '\xff'\n", "answers.py")


def test_a_warning_is_given_each_time_at_its_line_of_the_file():
    data = b"# %%\nx = 1\n# %%\n\nassert (x, 'always true')\n"
    for _ in range(2):
        with pytest.warns(SyntaxWarning) as told:
            code_of(data, "answers.py")
        assert [warning.lineno for warning in told] == [5]


@pytest.mark.parametrize(
    ("test", "main"),
    [
        ('__name__ == "__main__"', True),
        ("__name__ == '__main__'", True),
        ('__name__ != "__main__"', False),
        ('__name__ == "answers"', False),
        ("x" + " + x" * 900, False),  # deeper than a function that calls itself can go
    ],
)
def test_what_a_main_block_is(test: str, main: bool):
    (node,) = ast.parse(f"if {test}:\n    pass\n").body
    assert is_main(node) == main
