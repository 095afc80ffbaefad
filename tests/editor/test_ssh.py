"""Remote-SSH: the documented configuration is ssh's own kind, and the workspace works at the other end of a real connection."""

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .checkout import Copy
from .vscode import REPOSITORY, Window

pytestmark = pytest.mark.slow
CONFIG = Path(__file__).parent / "ssh_config"
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
needs_ssh = pytest.mark.skipif(not shutil.which("ssh"), reason="needs OpenSSH's client")


def understood(config: Path, host: str = "gpu-box") -> dict[str, str]:
    """What ssh makes of the file for that host, the keywords in small letters."""
    done = subprocess.run(["ssh", "-G", "-F", config, host], capture_output=True, check=True, encoding="utf-8")
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)


@needs_ssh
def test_ssh_understands_the_documented_configuration():
    found = understood(CONFIG)
    assert (found["hostname"], found["user"]) == ("gpu.example.com", "ubuntu")
    assert found["serveraliveinterval"] == "30" and found["identitiesonly"] == "yes"


@needs_ssh
@pytest.mark.parametrize(
    ("old", "new"), [("ServerAliveInterval", "ServerAliveIntervall"), ("30", "often"), ("yes", "perhaps")]
)
def test_a_misspelt_one_is_refused(tmp_path, old, new):
    text = CONFIG.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "config").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        understood(tmp_path / "config")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_same(name):
    page = REPOSITORY / name
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    if "Host gpu-box" not in text:
        pytest.skip(f"{name} shows no ssh configuration yet")
    shown = [line for line in CONFIG.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("#")]
    assert "\n".join(shown) in text


@pytest.fixture
def box(tmp_path: Path) -> Iterator[list[str]]:
    """The beginning of a command line that goes to this machine through a server on loopback, by the documented host."""
    if not SSHD or os.name != "posix":
        pytest.skip("needs OpenSSH's server: .ci/editor installs it")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # which the system's service would make
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / key], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        f"Port={port}",
        "ListenAddress=127.0.0.1",
        f"HostKey={tmp_path / 'host'}",
        "PidFile=none",
        "StrictModes=no",
    ]
    options += [
        f"AuthorizedKeysFile={tmp_path / 'user.pub'}",
        "PasswordAuthentication=no",
        "KbdInteractiveAuthentication=no",
    ]
    command = [SSHD, "-D", "-e", "-f", "/dev/null", *[part for option in options for part in ("-o", option)]]
    with open(tmp_path / "log", "wb") as log, subprocess.Popen(command, stderr=log) as server:
        try:
            await_server(port, server)
            yield connection(port, tmp_path)
        finally:
            server.terminate()


def connection(port: int, keys: Path) -> list[str]:
    here = ["HostName=127.0.0.1", f"Port={port}", f"User={getpass.getuser()}", f"IdentityFile={keys / 'user'}"]
    here += [
        "StrictHostKeyChecking=accept-new",
        f"UserKnownHostsFile={keys / 'known'}",
        "BatchMode=yes",
        "LogLevel=ERROR",
    ]
    return ["ssh", "-F", str(CONFIG), *[part for option in here for part in ("-o", option)], "gpu-box"]


def await_server(port: int, server: subprocess.Popen) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "the server ended"
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")


@needs_ssh
def test_day_1_is_checked_at_the_other_end(box, copy: Copy):
    """By the task's own command line, from the workspace's folder, in the bare environment of an ssh session."""
    copy.answer("make_rays_1d", "return torch.zeros(num_pixels, 2, 3)")
    task = Window(copy.root, copy.answers).task("coach: check this file")
    given = {name: copy.environment()[name] for name in ("PYTHONPATH", "COACH_LANG")}
    words = ["env", *[f"{name}={value}" for name, value in given.items()], task["command"], *task["args"]]
    command = f"cd {shlex.quote(str(copy.root))} && {shlex.join(words)}"
    done = subprocess.run([*box, command], capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    assert "make_rays_1d: " in done.stdout and "✗ make_rays_1d" in done.stdout
    assert task["command"] == sys.executable
