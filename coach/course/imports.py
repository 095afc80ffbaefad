"""What a file imports, read from its text."""

import ast
from pathlib import Path


def imports(path: Path) -> dict[str, int]:
    """The modules that a file names in its import statements, wherever they stand, with their lines."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name: node.lineno for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module: node.lineno} | {f"{node.module}.{alias.name}": node.lineno for alias in node.names}
    return found
