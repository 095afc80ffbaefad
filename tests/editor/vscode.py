"""The workspace's files as VS Code reads them: JSON with comments, dotted settings, and `${variables}`."""

import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
VARIABLE = re.compile(r"\$\{([^}]+)\}")


def read(path: Path) -> Any:
    """JSON with comments; a trailing comma, a missing one and a key given twice are errors."""
    text = path.read_text(encoding="utf-8")
    blank = COMMENT.sub(lambda m: m[1] or re.sub(r"[^\n]", " ", m[0]), text)
    return json.loads(blank, object_pairs_hook=_each_key_once)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != len(dict(pairs)):
        raise ValueError(f"a key is there twice: {sorted(key for key, _ in pairs)}")
    return dict(pairs)


def section(settings: dict[str, Any], name: str) -> Any:
    """What `getConfiguration(name)` gives: the dotted keys below `name`, as a tree; None if there are none."""
    tree: Any = {}
    for key, value in settings.items():
        *branches, leaf = key.split(".")
        node = tree
        for branch in branches:
            node = node.setdefault(branch, {})
        node[leaf] = value
    for part in name.split("."):
        tree = tree.get(part, {})
    return tree or None


@dataclass
class Window:
    """VS Code with the folder `root` open, the cursor in `file` at `line`, `python` selected; `inputs` are answered as given."""

    root: Path
    file: Path | None = None
    line: int = 1
    python: str = sys.executable
    inputs: dict[str, str] = field(default_factory=dict)
    asked: dict[str, dict] = field(default_factory=dict)  # the inputs that the file at hand declares

    def read(self, name: str) -> Any:
        """The content of `.vscode/<name>.json`."""
        return read(self.root / ".vscode" / f"{name}.json")

    @property
    def settings(self) -> dict[str, Any]:
        return self.read("settings")

    def resolve(self, value: Any) -> Any:
        """`value` with every variable replaced; one that VS Code does not know is an error."""
        if isinstance(value, str):
            return VARIABLE.sub(lambda m: self._variable(m[1]), value)
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        return {k: self.resolve(v) for k, v in value.items()} if isinstance(value, dict) else value

    def _variable(self, name: str) -> str:
        kind, _, argument = name.partition(":")
        if kind == "env":
            return os.environ.get(argument) or ""
        if kind == "config":
            return str(self.settings[argument])
        if kind == "input":
            return self.inputs[argument] if argument in self.inputs else str(self.asked[argument]["default"])
        if name == "command:python.interpreterPath":
            return self.python
        return self._path(name)

    def _path(self, name: str) -> str:
        folders = {"workspaceFolder": self.root, "cwd": self.root, "userHome": Path.home()}
        if name in folders:
            return str(folders[name])
        file = self.file
        if file is None:
            raise ValueError(f"${{{name}}} needs an open file")
        return str(
            {
                "file": file,
                "lineNumber": self.line,
                "fileBasename": file.name,
                "fileBasenameNoExtension": file.stem,
                "fileDirname": file.parent,
                "fileDirnameBasename": file.parent.name,
                "relativeFile": file.relative_to(self.root),
                "relativeFileDirname": file.parent.relative_to(self.root),
            }[name]
        )

    def named(self, name: str, key: str, label: str) -> dict[str, Any]:
        """The entry of `.vscode/<name>.json` whose label begins with `label`, with its variables replaced."""
        content = self.read(name)
        self.asked = {one["id"]: one for one in content.get("inputs", [])}
        entries = content["configurations" if name == "launch" else "tasks"]
        return self.resolve(next(entry for entry in entries if entry[key].startswith(label)))

    def configuration(self, label: str) -> dict[str, Any]:
        """A launch configuration, with what ms-python.debugpy fills in."""
        filled = {"cwd": str(self.root), "console": "integratedTerminal", "python": [self.python], "justMyCode": True}
        return filled | self.named("launch", "name", label)

    def task(self, label: str) -> dict[str, Any]:
        return self.named("tasks", "label", label)
