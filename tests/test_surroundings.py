"""The suite where learners run it: without a network, in a folder with a Chinese name and a space, on a GBK console."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coach.course.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]

# Python runs this at its start: from here on every connection is refused, in child processes too.
NO_NETWORK = """
import socket

def refused(*args, **kwargs):
    raise OSError("this test allows no network")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refused
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A copy of the course at a path that is neither ASCII nor without spaces."""
    root = tmp_path_factory.mktemp("我的 课程") / "深度 学习"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    for name in filter(None, listed.stdout.decode("utf-8").split("\0")):
        if (ROOT / name).is_file() and not name.endswith("answers.py") and not name.startswith("tests/"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    (root / "no_network").mkdir()
    (root / "no_network" / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    return Workspace(root)


def run(workspace: Workspace, *arguments: str, lang: str = "zh") -> tuple[int, str]:
    """Exit code and output of `python -m …` there, on a GBK console with the network cut."""
    env = workspace.environment()
    env["PYTHONPATH"] = os.pathsep.join([str(workspace.root / "no_network"), env["PYTHONPATH"]])
    env |= {"PYTHONIOENCODING": "gbk", "COACH_LANG": lang, "COACH_NO_EDITOR": "1"}
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=workspace.root, env=env, capture_output=True)
    return done.returncode, (done.stdout + done.stderr).decode("gbk")


@pytest.mark.slow
def test_the_suite_passes(elsewhere):
    code, text = run(elsewhere, "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider", "chapter0_fundamentals")
    assert code == 0, text
    passed = int(text.strip().splitlines()[-1].split(" passed")[0].split()[-1])
    assert passed >= 15 and "failed" not in text


@pytest.mark.slow
def test_a_learner_can_work(elsewhere):
    code, text = run(elsewhere, "coach.cli", "start", "1")
    lesson = next(lesson for lesson in elsewhere.lessons if lesson.day == 1)
    assert code == 0 and lesson.answers.is_file() and "一排光线" in text, text
    code, text = run(elsewhere, "coach.cli", "check", "make_rays_1d")
    assert code == 3 and "○ make_rays_1d" in text, text
    answers = lesson.answers.read_text(encoding="utf-8")
    lesson.answers.write_text(answers.replace("raise NotImplementedError", "return None", 1), encoding="utf-8")
    code, text = run(elsewhere, "coach.cli", "check", "make_rays_1d")
    assert code == 1 and "× make_rays_1d" in text and "返回了 `None`" in text, text
    code, text = run(elsewhere, "pytest", "-q", "--answers", "-p", "no:cacheprovider", "-k", "rays_1d")
    assert code == 1 and "1 failed" in text, text


def test_what_pip_and_conda_read_is_ascii():
    """pip and conda read these in the system's encoding: GBK, on many a Chinese Windows."""
    for name in ("pyproject.toml", "requirements.txt", "environment.yml"):
        assert (ROOT / name).read_bytes().isascii(), name


def test_the_pins_name_no_index_and_cover_every_dependency():
    import tomllib

    from packaging.requirements import Requirement

    text = (ROOT / "requirements.txt").read_text("utf-8")
    assert "://" not in text and "--" not in text and text.endswith("-e .\n")
    pins = {Requirement(line).name: Requirement(line).specifier for line in text.splitlines() if line[:1].isalpha()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for wanted in map(Requirement, project["dependencies"]):
        version = str(pins[wanted.name]).removeprefix("==")
        assert wanted.specifier.contains(version), f"{wanted} is not met by the pin {version}: run .ci/pin"


def test_no_line_changes_sys_path():
    """What is read from it is no change: a lesson says how `import` searches."""
    change = re.compile(r"sys\.path(\.(insert|append|extend|remove|pop|clear)\b|\[[^]]*\] *=[^=]|(\[:\])? *\+?=[^=])")
    files = [path for folder in ("coach", "chapter0_fundamentals") for path in (ROOT / folder).rglob("*.py")]
    guards = ("boot.py", "stage.py", "lesson.py", "notebook.py")  # what keeps it as the install made it
    starts = ("ranks.py", "suspects.py")  # what gives another Python this one's path, or cleans up behind pytest
    files = [path for path in files if path.name not in guards + starts]
    assert not [path for path in files if change.search(path.read_text("utf-8"))]


def test_every_file_is_opened_with_an_encoding():
    """Under -X warn_default_encoding Python warns where a file would be read in the system's encoding."""
    code = "import coach.cli, coach.commands.doctor, coach.running.server, coach.running.runner, coach.running.watch; from coach.course.workspace import Workspace as W;"
    code += "ws = W.here(); [(x.view('zh'), x.exercises, x.questions) for x in ws.lessons]; from coach.commands import doctor;"
    code += "list(doctor.packages(doctor.Machine.this())); list(doctor.path_file(doctor.Machine.this()))"
    strict = [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning", "-c", code]
    done = subprocess.run(strict, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr


def test_the_hygiene_hook_finds_what_it_is_for(tmp_path):
    from hygiene import complaints

    good = tmp_path / "good.py"
    good.write_bytes("x = 1  # 好\n".encode())
    assert complaints(good) == []
    for data in (b"x\r\n", b"x", b"x\n\n", b"x \n", b"<<<<<<< ours\n", "好".encode("gbk") + b"\n", b"x\n" * 300_000):
        bad = tmp_path / "bad.py"
        bad.write_bytes(data)
        assert complaints(bad), data[:20]
