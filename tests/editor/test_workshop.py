"""What the workshop's text says of ssh and of the editor's keys is so."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from part0_workshop import keys
from part0_workshop.solutions import SSH_CONFIG

from .checkout import Copy, copy_to
from .test_real_editor import HERE, MODULES, chromium, node, vscode
from .test_ssh import needs_ssh, understood

pytestmark = pytest.mark.slow


@needs_ssh
def test_ssh_understands_the_lessons_configuration(tmp_path):
    (tmp_path / "config").write_text(SSH_CONFIG, encoding="utf-8")
    box, github = understood(tmp_path / "config"), understood(tmp_path / "config", "github.com")
    assert (box["hostname"], box["user"], box["identitiesonly"]) == ("gpu.example.com", "ubuntu", "yes")
    assert (github["hostname"], github["port"], github["user"]) == ("ssh.github.com", "443", "git")


def test_the_lesson_shows_the_documented_box():
    documented = (HERE / "ssh_config").read_text(encoding="utf-8").splitlines()
    assert "\n".join(line for line in documented if not line.strip().startswith("#")).strip() in SSH_CONFIG


# How a browser names itself on each system: VS Code takes its keys from that.
AGENTS = {
    "Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Linux": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "macOS": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
}
SIGNS = {"⇧": "shift+", "⌥": "alt+", "⌘": "cmd+", "⌃": "ctrl+"}


def as_written_by_vscode(key: str) -> str:
    """`⇧⌘P` and `Ctrl+Shift+P` as keybindings.json has them, with the modifiers in its order."""
    for sign, word in SIGNS.items():
        key = key.replace(sign, word)
    *modifiers, last = key.lower().replace("alt+-", "alt+minus").split("+")
    order = [name for name in ("ctrl", "shift", "alt", "cmd") if name in modifiers]
    return "+".join([*order, last.replace("minus", "-")])


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, set[str]]]:
    """For each system the keys of each command, by "Open Default Keyboard Shortcuts (JSON)" of the running editor."""
    if not (MODULES / "code-server").is_dir():
        pytest.skip("needs code-server, which .ci/editor installs where there is npm")
    found: dict[str, Any] = {}
    for system, agent in AGENTS.items():
        copy = Copy(copy_to(tmp_path_factory.mktemp("keys") / "workspace"))
        home = Path(tempfile.mkdtemp(prefix="vscode-"))
        try:
            with vscode(copy, home) as proof:
                env = {"PROOF_CHROMIUM": chromium(), "PROOF_SHOTS": str(home), "PROOF_AGENT": agent}
                done = subprocess.run(
                    [node(), HERE / "keys.mjs"], env={**os.environ, **proof, **env}, capture_output=True, encoding="utf-8",
                    timeout=300, check=True,
                )  # fmt: skip
            seen = json.loads(done.stdout)
            assert "error" not in seen, seen
            bindings: dict[str, set[str]] = {}
            for one in seen["bindings"]:
                bindings.setdefault(one["command"], set()).add(one["key"])
            found[system] = bindings
        finally:
            shutil.rmtree(home, ignore_errors=True)
    return found


@pytest.mark.thorough
def test_the_keys_are_the_editors_own(defaults):
    wrong = []
    for command, _, what, *told in keys.KEYS:
        for system, key in zip(keys.SYSTEMS, told, strict=True):
            if as_written_by_vscode(key) not in defaults[system].get(command, set()):
                wrong.append((what, system, key, defaults[system].get(command)))
    assert not wrong
    assert len(keys.KEYS) > 15
