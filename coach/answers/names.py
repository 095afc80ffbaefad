"""The names in a cell: which it makes, which it uses, and what becomes of them from one text to the next."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from coach.course.percent import STUB, is_main, named_on, parsed
from coach.course.place import definitions


def plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def narrowed(old: str, new: str) -> set[str]:
    """The functions that lost an argument, in a cell that is no exercise: a call of the learner's might give it."""
    before, after = _arguments(old), _arguments(new)
    return {name for name, given in before.items() if name in after and given - after[name] and not _marked(new)}


def emptied(old: str, new: str) -> set[str]:
    """What was given, and is to be written now."""
    return names_of(old) & names_of(new) if STUB in new and STUB not in old else set()


def _marked(text: str) -> bool:
    """Whether the cell is an exercise."""
    return bool(named_on(text.partition("\n")[0]))


def _arguments(text: str) -> dict[str, set[str]]:
    functions = [node for node in ast.walk(_tree(text)) if isinstance(node, ast.FunctionDef)]
    return {node.name: {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)} for node in functions}


def words(text: str) -> set[str]:
    """The words of code, and of comments behind code; a line that is a comment has none."""
    lines = (line for line in text.split("\n") if not line.lstrip().startswith("#"))
    return {word for line in lines for word in re.findall(r"[^\W\d]\w*", line)}


def count(text: str) -> Counter[str]:
    return Counter(found.name for found in definitions(text) if found.name)


def names_of(text: str) -> set[str]:
    return set(count(text))


def bound(text: str) -> set[str]:
    """Every name that gets a value anywhere in the text: arguments, variables, attributes, functions, imports."""
    return {name for node in ast.walk(_tree(text)) for name in given(node)}


def made(text: str) -> set[str]:
    """The names that get a value at the module's level."""
    return set(_at_module_level(_tree(text)))


def _tree(text: str) -> ast.AST:
    return parsed(plain(text)) or ast.Module([], [])


def _at_module_level(node: ast.AST) -> Iterator[str]:
    yield from given(node)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _at_module_level(child)


def given(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr


def too_early(text: str) -> set[str]:
    """The names that are used on import above the line that makes them."""
    made: set[str] = set()
    early: set[str] = set()
    for statement in getattr(_tree(text), "body", []):
        if not is_main(statement):
            early |= set(_used_at_once(statement)) - made
            made |= set(_at_module_level(statement))
    return early & made


def _used_at_once(node: ast.AST) -> Iterator[str]:
    """The names that the statement needs when it is executed: what stands in a function's body is needed later."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    inside = getattr(node, "body", []) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else []
    for child in ast.iter_child_nodes(node):
        if child is not inside and (not isinstance(inside, list) or child not in inside):
            yield from _used_at_once(child)
