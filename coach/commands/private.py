"""What a report must not tell: whose machine this is, and where on it the course lies."""

import contextlib
import getpass
import os
import platform
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Names of users and machines that say nothing of anybody; "root" is a word of mathematics, too.
ANYONE = {"root", "user", "admin", "home", "ubuntu", "vscode", "codespace", "jovyan", "localhost", "runner"}
# A path from a root on, up to its last part; in a code's strings, and anywhere.
FOLDERS = r"""(?:[A-Za-z]:[\\/]|\\\\|/(?!/))(?:[^\s'"`<>|:*?()\[\]{},;]+[\\/])+(?=[^\s'"`])"""
IN_STRINGS = re.compile(rf"""(?<=['"]){FOLDERS}""")
ANYWHERE = re.compile(rf"(?<![\w./\\~…>-]){FOLDERS}")


@dataclass(frozen=True)
class Private:
    """`folders` are each told as something that is the same for everybody; `names` are told as `…`."""

    folders: dict[str, str]
    names: list[str]

    @classmethod
    def here(cls, root: Path) -> "Private":
        """Of this process, and the course in `root`."""
        folders: dict[str, str] = {}
        for path, told in (
            (root, "<course>"),
            (Path(sys.prefix), "<python>"),
            (Path(sys.base_prefix), "<python>"),
            (Path(tempfile.gettempdir()), "<tmp>"),
            (Path.home(), "<home>"),
            (Path.cwd(), "<folder>"),
        ):
            for spelled in (path, path.resolve()):
                if len(spelled.parts) > 1:
                    folders.setdefault(str(spelled), told)
        return cls(folders, sorted(names(), key=len, reverse=True))

    def hidden(self, text: str) -> str:
        """`text` without the folders, in whichever spelling, and without the names; other paths keep their last part."""
        text = ANYWHERE.sub("…/", self._without_folders(text))
        for name in self.names:
            word = rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name)
            text = re.sub(word, "…", text)
        return text

    def hidden_in_code(self, code: str) -> str:
        """The same for code, which stays the code that it is: only in strings are other paths cut."""
        return IN_STRINGS.sub("…/", self._without_folders(code))

    def _without_folders(self, text: str) -> str:
        for folder in sorted(self.folders, key=len, reverse=True):
            for spelled in {folder, folder.replace("\\", "\\\\"), folder.replace("\\", "/")}:
                text = re.sub(re.escape(spelled) + r"(?![\w-])", self.folders[folder], text)
        return text


def names() -> set[str]:
    """What the user and the machine are called, as far as it says something."""
    found = {platform.node(), platform.node().partition(".")[0], Path.home().name}
    found |= {os.environ.get(variable, "") for variable in ("LOGNAME", "USER", "LNAME", "USERNAME")}
    with contextlib.suppress(OSError, KeyError, ImportError):  # a user without a name, as in some containers
        found.add(getpass.getuser())
    return {name for name in found if len(name) > 1 and name.lower() not in ANYONE}
