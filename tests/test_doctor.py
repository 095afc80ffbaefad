"""`coach doctor` on machines that are ill in one way each."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from coach.commands import doctor
from coach.commands.root import coach
from coach.course.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def machine(monkeypatch):
    """A machine on which every program is missing and no variable is set."""
    monkeypatch.setenv("COACH_LANG", "en")
    return doctor.Machine(Workspace(ROOT), {}, lambda *command, **_: "")


def programs(**said):
    """A `run` that knows some command lines, spelt with underscores, and finds no other program; git's `-C ROOT` is left out."""

    def run(*command, **_):
        words = [command[0], *command[3:]] if command[1] == "-C" else command
        return said.get("_".join(words).replace(".", "_").replace("-", "_"), "")

    return run


def marks(findings):
    return [finding.mark for finding in findings]


def test_this_machine_is_described_and_nothing_is_claimed_without_looking():
    run = subprocess.run([sys.executable, "-m", "coach.cli", "doctor", "--json"], capture_output=True, cwd=ROOT)
    report = json.loads(run.stdout.decode("utf-8"))
    assert run.returncode == any(f["mark"] == doctor.BAD for f in report["findings"])
    assert f"Python {sys.version.split()[0]}" in report["findings"][0]["text"]
    assert not [f for f in report["findings"] if f["mark"] in (doctor.BAD, doctor.WARNING) and not f["fix"]]


def test_it_opens_no_connection_unless_asked(machine, monkeypatch):
    tried = []

    def refused(*args, **kwargs):
        tried.append(args)
        raise OSError("refused")

    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refused)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused)
    quiet = doctor.examine(machine)
    assert not tried, "a check that tries is caught, and its error would only be a finding"
    asked = doctor.examine(machine, online=True)
    assert len(tried) == 3
    hosts = [f for f in asked if f not in quiet]
    assert [f.about for f in hosts] == ["github.com", "ssh.github.com", "pypi.org"]
    assert all(f.mark == doctor.WARNING and "443" in f.fix for f in hosts)


def test_missing_and_unfit_packages_are_told_apart(machine, tmp_path):
    (tmp_path / "requirements.txt").write_text(
        "numpy==0.1\nnever-there==1.0\ncolorama==1 ; sys_platform == 'none'\n-e .\n"
    )
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy<1", "never-there"]\n')
    findings = list(doctor.packages(replace(machine, workspace=Workspace(tmp_path))))
    assert marks(findings) == [doctor.BAD, doctor.BAD]
    assert "never-there" in findings[0].text and "numpy" in findings[1].text and "colorama" not in str(findings)


def test_another_version_within_the_range_is_only_told(machine, tmp_path):
    (tmp_path / "requirements.txt").write_text("numpy==1.26.0\n")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=1"]\n')
    findings = list(doctor.packages(replace(machine, workspace=Workspace(tmp_path))))
    assert marks(findings) == [doctor.TOLD, doctor.GOOD]


@pytest.mark.parametrize("text", [None, "/elsewhere\n/elsewhere/chapter0_fundamentals/exercises\n"])
def test_a_path_file_that_is_missing_or_of_another_checkout(machine, tmp_path, monkeypatch, text):
    monkeypatch.setattr(doctor.sysconfig, "get_path", lambda _: str(tmp_path))
    if text:
        (tmp_path / "_deep_learning_fundamentals.pth").write_text(text)
    (finding,) = doctor.path_file(machine)
    assert finding.mark == doctor.BAD and "pip install -e ." in finding.fix


def test_a_path_file_in_chinese_is_misread_by_an_old_python_in_gbk(machine, tmp_path, monkeypatch):
    root = tmp_path / "课程"
    for name in ("课程/chapter0_fundamentals/exercises/part1_x/solutions.py", "课程/pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    lines = [str(root), str(root / "chapter0_fundamentals/exercises")]
    (tmp_path / "_deep_learning_fundamentals.pth").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(doctor.sysconfig, "get_path", lambda _: str(tmp_path))
    machine = replace(machine, workspace=Workspace(root))
    monkeypatch.setattr(doctor.locale, "getencoding", lambda: "gbk")
    old, new = (3, 11, 0), (3, 13, 0)
    for version, mark in ((old, doctor.BAD), (new, doctor.GOOD)):
        monkeypatch.setattr(doctor.sys, "version_info", version)
        assert marks(doctor.path_file(machine)) == [mark]


def test_a_gpu_that_computes_wrongly_is_found(machine):
    version = json.dumps(["2.13.0", None, False, True])

    def run(*command, **_):
        return version if "import json" in command[-1] else ""

    findings = list(doctor.devices(replace(machine, run=run)))
    assert [f.about for f in findings if f.mark == doctor.WARNING] == ["mps"]


def test_the_self_test_itself_passes_on_the_cpu_and_catches_a_wrong_device(tmp_path):
    right = subprocess.run([sys.executable, "-c", doctor.SELF_TEST, "cpu"], capture_output=True, text=True)
    assert right.stdout.strip() == "right", right.stderr
    broken = doctor.SELF_TEST.replace(".cpu(), f(", ".cpu() + 1, f(")
    assert subprocess.run([sys.executable, "-c", broken, "cpu"], capture_output=True).returncode != 0


def test_a_gpu_that_torch_cannot_use(machine):
    said = json.dumps(["2.13.0+cpu", None, False, False])
    findings = list(doctor.devices(replace(machine, run=lambda *c, **_: said if "-c" in c else "GPU 0: NVIDIA")))
    assert findings[-1].mark == doctor.WARNING and "pytorch.org" in findings[-1].fix


def test_two_openmp_runtimes(machine, tmp_path, monkeypatch):
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "numpy-2.0.0-py311.json").touch()
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path))
    ill = replace(machine, environ={"KMP_DUPLICATE_LIB_OK": "TRUE"})
    assert marks(doctor.openmp(ill)) == [doctor.WARNING, doctor.WARNING]
    assert not [f for f in doctor.openmp(ill) if "KMP_DUPLICATE_LIB_OK=" in f.fix], "never advised"
    (tmp_path / "conda-meta" / "pytorch-2.0.0-py311.json").touch()
    assert not list(doctor.openmp(machine))


def test_git_without_a_name(machine):
    assert marks(doctor.git(machine)) == [doctor.BAD]
    findings = list(doctor.git(replace(machine, run=programs(git___version="git version 2"))))
    assert "user.name, user.email" in findings[0].text and findings[0].mark == doctor.WARNING
    healthy = programs(
        git___version="2", git_config_user_name="我", git_config_user_email="a@b", git_config_core_quotepath="false"
    )
    assert marks(doctor.git(replace(machine, run=healthy))) == [doctor.GOOD]


def test_an_active_conda_environment_that_is_not_this_one(machine):
    environ = {"CONDA_DEFAULT_ENV": "base", "CONDA_PREFIX": "/somewhere/else"}
    text = doctor.report(list(doctor.interpreter(replace(machine, environ=environ))))
    assert "base" in text and "conda activate" in text and "arena-env" in text


def test_terms_of_service_of_the_default_channels(machine):
    there = {"CONDA_EXE": "/opt/conda/bin/conda"}
    said = programs(conda_config___show_channels="channels:\n  - defaults")
    (finding,) = doctor.conda(replace(machine, environ=there, run=said))
    assert "Miniforge" in finding.fix
    assert not list(doctor.conda(machine))


def test_wsl_under_mnt(machine, monkeypatch):
    monkeypatch.setattr(doctor.platform, "release", lambda: "5.15.0-microsoft-standard-WSL2")
    slow = replace(machine, workspace=Workspace(Path("/mnt/c/Users/我/course")))
    assert doctor.WARNING in marks(doctor.paths(slow))
    assert doctor.WARNING not in marks(doctor.paths(replace(machine, workspace=Workspace(Path("/home/me/course")))))


def test_a_console_in_gbk_is_survived_and_named():
    env = os.environ | {"PYTHONIOENCODING": "gbk", "COACH_LANG": "zh"}
    run = subprocess.run([sys.executable, "-m", "coach.cli", "doctor"], capture_output=True, cwd=ROOT, env=env)
    text = run.stdout.decode("gbk")
    assert "控制台: gbk" in text and "PYTHONUTF8" in text and "Traceback" not in run.stderr.decode("gbk")


def test_fix_does_only_what_is_safe_and_claims_nothing_that_failed(machine, tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr(doctor.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path))  # a virtual environment
    asked = []
    done = doctor.mend(replace(machine, workspace=Workspace(tmp_path), run=lambda *c, **_: asked.append(c) or ""))
    assert [command for command in asked if "core.quotepath" in command and "false" in command]
    assert [command for command in asked if "pip" in command] and done == []
    assert not [command for command in asked if "--global" in command]


def test_fix_says_what_it_mended(mini, machine, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path))

    def run(*command, **options):
        if "pip" not in command:
            return doctor.output(*command, **options)
        # what it reports is what it ran
        assert {*command} - {sys.executable, "-m", str(mini.root)} == {*doctor.REINSTALL.split()} - {"."}
        text = "\n".join(mini.workspace.import_paths)
        (tmp_path / "_deep_learning_fundamentals.pth").write_text(text, encoding="utf-8")
        return ""  # of a program that said nothing, nothing is concluded

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    other = tmp_path / "another repository"
    for root in (mini.root, other):
        subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    subprocess.run(["git", "-C", str(other), "config", "core.quotepath", "false"], check=True)
    monkeypatch.chdir(other)
    ill = replace(machine, workspace=mini.workspace, run=run)
    assert doctor.mend(ill) == ["git config core.quotepath false", doctor.REINSTALL]
    assert doctor.mend(ill) == []
    said = subprocess.run(["git", "-C", str(mini.root), "config", "core.quotepath"], capture_output=True, check=True)
    assert said.stdout == b"false\n"


def test_who_commits_is_asked_of_the_checkout(mini, machine, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    subprocess.run(["git", "init", "--quiet", str(mini.root)], check=True)
    for key in ("user.name", "user.email"):
        subprocess.run(["git", "-C", str(mini.root), "config", key, "Wang"], check=True)
    monkeypatch.chdir(tmp_path)
    found = doctor.report(list(doctor.git(replace(machine, workspace=mini.workspace, run=doctor.output))))
    assert "git: Wang" in found and "not set" not in found


def test_a_check_that_fails_is_a_finding_and_no_traceback(machine, monkeypatch):
    def ill(machine):
        yield doctor.Finding(doctor.GOOD, "before", "")
        raise ModuleNotFoundError("No module named 'packaging'")

    def other(machine):
        raise KeyError("key")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (ill, other))
    before, missing, broken = doctor.examine(machine)
    assert before.about == "before"
    assert missing.mark == doctor.BAD and "packaging" in missing.text and "pip install -r" in missing.fix
    assert broken.mark == doctor.BAD and "KeyError: 'key'" in broken.text and "report" in broken.fix


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives folders away")
def test_a_checkout_of_another_user_is_named(mini, machine, monkeypatch):
    subprocess.run(["git", "init", "--quiet", str(mini.root)], check=True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    mine = replace(machine, workspace=mini.workspace, run=doctor.output)
    assert "dubious" not in doctor.report(list(doctor.git(mine)))
    for path in (mini.root, mini.root / ".git"):
        os.chown(path, 12345, 12345)
    text = doctor.report(list(doctor.git(mine)))
    assert "dubious ownership" in text and f'safe.directory "{mini.root}"' in text
    mini.begin("part0_words")
    done = subprocess.run([sys.executable, "-P", "-m", "coach.cli", "update"], capture_output=True, cwd=mini.root)
    assert "git refuses this folder" in done.stdout.decode("utf-8"), done.stderr


def test_start_says_that_another_checkout_is_the_installed_one(mini, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor.sysconfig, "get_path", lambda _: str(tmp_path))

    def said():
        return CliRunner().invoke(coach, ["start", "0"]).output

    file = tmp_path / "_deep_learning_fundamentals.pth"
    assert "another checkout" not in said()
    file.write_text("\n".join(mini.workspace.import_paths), encoding="utf-8")
    assert "another checkout" not in said()
    file.write_text("/elsewhere\n/elsewhere/chapter0_fundamentals/exercises", encoding="utf-8")
    assert "cells and F5 import another checkout, /elsewhere." in said()
