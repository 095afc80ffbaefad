"""A stand-in for a dev container: a user who is not root, a home of their own, a fresh clone, and the lifecycle's commands."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .checkout import copy_to
from .vscode import REPOSITORY, VARIABLE, read

CONFIGURATIONS = [".devcontainer/devcontainer.json", ".devcontainer/gpu/devcontainer.json"]
LIFECYCLE = ["onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand"]
NOBODY = 65534
EDITOR = """\
#!/bin/sh
# `code` in a container: here it notes what it was asked to open or install, and fails where that is not there
if [ "$1" = --install-extension ]; then cp "$2" "$HOME/installed.vsix"; exit; fi
for file in "$@"; do test -f "$file" || exit 1; echo "$file" >>"$HOME/opened"; done
"""


class CommandFailed(Exception):
    """A lifecycle command ended with another code than 0, which ends the creation."""


@dataclass
class Container:
    """One stand-in: `home`, the clone in it, and the configuration that is carried out."""

    home: Path
    configuration: dict[str, Any]
    user: dict[str, Any] = field(default_factory=lambda: {"user": NOBODY, "group": NOBODY, "extra_groups": []})

    def __post_init__(self) -> None:
        if os.geteuid() != 0:
            self.user = {}

    @property
    def clone(self) -> Path:
        return self.home / "clone"

    @property
    def python(self) -> Path:
        return self.home / "arena-env" / "bin" / "python"

    @property
    def opened(self) -> list[str]:
        """What `code` was asked to open so far."""
        path = self.home / "opened"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def environment(self) -> dict[str, str]:
        """`remoteEnv`, with its variables replaced, on what a container would have and what pip needs on this machine."""
        path = os.pathsep.join([str(self.home / "bin"), *filter(self._visible, os.environ["PATH"].split(os.pathsep))])
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        base = {"HOME": str(self.home), "PATH": path, "LANG": "C.UTF-8", **kept}
        return base | {name: self._resolve(value, base) for name, value in self.configuration["remoteEnv"].items()}

    def _visible(self, folder: str) -> bool:
        """Neither this test's own virtual environment nor a folder that only root may enter is in a container's PATH."""
        return not (Path(folder).parent / "pyvenv.cfg").exists() and not folder.startswith(str(Path.home()))

    def _resolve(self, value: str, base: dict[str, str]) -> str:
        def of(variable: str) -> str:
            where, _, name = variable.partition(":")
            return {"containerEnv": base, "localEnv": dict(os.environ)}[where].get(name, "")

        home = f"/home/{self.configuration['remoteUser']}"
        return VARIABLE.sub(lambda m: of(m[1]), value).replace(home, str(self.home))

    def run(self, *command: str, seconds: float = 400) -> str:
        """What the command printed; `CommandFailed` with that for any exit code but 0."""
        done = subprocess.run(
            command, cwd=self.clone, env=self.environment(), timeout=seconds, check=False, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.user,
        )  # fmt: skip
        if done.returncode:
            raise CommandFailed(f"{command} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def live(self, *names: str) -> dict[str, str]:
        """Runs the lifecycle's commands in their order; what each printed."""
        there = [name for name in LIFECYCLE if name in self.configuration and name in (names or LIFECYCLE)]
        return {name: self.run("/bin/sh", "-c", self.configuration[name]) for name in there}


@contextmanager
def container(name: str) -> Iterator[Container]:
    """A fresh clone of what is here now, owned by a user who is not root."""
    home = Path(tempfile.mkdtemp(prefix="container-"))
    try:
        made = Container(home, read(REPOSITORY / name))
        committed = copy_to(home / "committed")
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "as it is now"]):
            git(committed, *command)
        git(home, "clone", "-q", str(committed), "clone")
        (home / "bin").mkdir()
        (home / "bin" / "code").write_text(EDITOR, encoding="utf-8")
        (home / "bin" / "code").chmod(0o755)
        if made.user:
            for path in [home, *home.rglob("*")]:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        yield made
    finally:
        shutil.rmtree(home, ignore_errors=True)


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.invalid", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)
