"""What a file imports, read from its text: the only reader of import statements."""

import ast
from pathlib import Path


def imports(path: Path, *, at_the_top: bool = False) -> dict[str, int]:
    """The modules that a file names in its import statements, with their lines; relative ones in full, too.

    Wherever the statements stand, or `at_the_top`: of those, the ones that are carried out in any case.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: dict[str, int] = {}
    for node in tree.body if at_the_top else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name: node.lineno for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (module := _imported_from(node, path)):
            found |= {module: node.lineno} | {f"{module}.{alias.name}": node.lineno for alias in node.names}
    return found


def _imported_from(node: ast.ImportFrom, path: Path) -> str:
    """The module after `from`, in full: a dot is the package that the file lies in, each further one the one around it."""
    around = _packages(path.parent) if node.level else []
    above = around[: max(0, len(around) - node.level + 1)]
    return ".".join([*above, *filter(None, [node.module])])


def _packages(folder: Path) -> list[str]:
    """The packages that a folder is, from the outermost in; its name alone where it holds no `__init__.py`."""
    names = [folder.name]
    while (folder / "__init__.py").is_file() and (folder.parent / "__init__.py").is_file():
        folder = folder.parent
        names.insert(0, folder.name)
    return names
