"""A class: answers gathered out of repositories, judged by the teacher's course, and kept from the network."""

import csv
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from minicourse import Mini, make

from coach.answers.collected import LARGEST, collect, name_of
from coach.commands import classroom
from coach.commands.root import coach
from coach.running import isolated
from coach.words import Trouble

ROOT = Path(__file__).resolve().parents[1]
STUB = "raise NotImplementedError"
confined = pytest.mark.skipif(bool(isolated.why_not()), reason=f"no confinement here: {isolated.why_not()}")
AUTHOR = ["-c", "user.name=n", "-c", "user.email=e", "-c", "core.autocrlf=false"]


def commit(root: Path) -> str:
    """Makes the folder a repository, or adds what is new; the commit."""
    for command in (["init", "-q"], ["add", "--force", "."], [*AUTHOR, "commit", "-qm", "mine"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


def said(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(coach, [*arguments])
    assert result.exit_code == code and "Traceback" not in result.output, result.output
    return result.stdout


@pytest.fixture
def pair(tmp_path: Path) -> dict[str, Mini]:
    """Two learners' clones. The second's test passes everything, and their conftest would leave a trace if it were run."""
    wang, lee = make(tmp_path / "小王" / "wang-course"), make(tmp_path / "lee course")
    wang.begin("part0_numbers", (STUB, "return x + x"), (STUB, "return sum(values)"), lang="zh")
    wang.begin("part1_boxes")
    lee.begin("part0_numbers", (STUB, "return x**2"))
    tests = lee.lesson("part0_numbers").folder / "tests.py"
    tests.write_text(tests.read_text(encoding="utf-8").replace("6.0", "9.0").replace("-1.0", "0.25"), encoding="utf-8")
    return {"wang-course": wang, "lee course": lee}


@confined
@pytest.mark.slow
def test_a_class_is_gathered_from_two_repositories(mini: Mini, pair: dict[str, Mini], tmp_path: Path):
    commits = {name: commit(learner.root) for name, learner in pair.items()}
    before = {path: path.read_bytes() for path in mini.root.rglob("*.py")}
    sources = [*(str(learner.root) for learner in pair.values()), str(tmp_path / "nobody")]
    *lines, nobody = map(json.loads, said("classroom", *sources, "--csv", "class.csv", "--json", code=2).splitlines())
    marks = {
        (one["learner"], one["lesson"]): {exercise["name"]: exercise["mark"] for exercise in one["exercises"]}
        for one in lines
    }
    assert marks == {
        ("wang-course", "part0_numbers"): {"double": "right", "total": "right", "mean": "unwritten"},
        ("wang-course", "part1_boxes"): {"size": "unwritten", "EDGES": "wrong"},
        ("lee course", "part0_numbers"): {"double": "wrong", "total": "unwritten", "mean": "unwritten"},
    }, "the teacher's tests count, not the learner's"
    assert {one["learner"]: one["commit"] for one in lines} == commits
    assert nobody["learner"] == "nobody" and nobody["problem"] and nobody["exercises"] == []
    with open("class.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 + 2 + 3 + 1 and rows[0] == {
        "learner": "wang-course", "commit": commits["wang-course"], "lesson": "part0_numbers",
        "exercise": "double", "mark": "right", "problem": "",
    }  # fmt: skip
    assert {path: path.read_bytes() for path in mini.root.rglob("*.py")} == before, "the teacher's course is as it was"


@confined
def test_a_table_is_shown_and_who_has_not_begun_is_named(mini: Mini, tmp_path: Path):
    late = make(tmp_path / "late")
    commit(late.root)
    told = said("classroom", str(late.root))
    assert "late" in told and "nothing begun" in told


def test_one_learner_s_file_costs_nobody_else_a_row(mini: Mini, pair: dict[str, Mini], monkeypatch: pytest.MonkeyPatch):
    pair["wang-course"].begin("part0_numbers", (STUB, "return " + "x+" * 20_000 + "x"))
    sources = []
    for learner in pair.values():
        commit(learner.root)
        sources.append(str(learner.root))

    def rows(code: int) -> dict[tuple[str, str], dict]:
        lines = map(json.loads, said("classroom", *sources, "--unprotected", "--json", code=code).splitlines())
        return {(one["learner"], one["lesson"]): one for one in lines}

    found = rows(0)
    assert {one["mark"] for one in found["wang-course", "part0_numbers"]["exercises"]} == {"wrong"}
    assert found["lee course", "part0_numbers"]["exercises"][1]["mark"] == "unwritten"

    real = classroom.judge_all

    def fragile(workspace: Any, targets: Any, **options: Any) -> Any:
        if targets[0][0].name == "part1_boxes":
            raise ZeroDivisionError("of the tool's own")
        return real(workspace, targets, **options)

    monkeypatch.setattr(classroom, "judge_all", fragile)
    found = rows(2)
    assert found["wang-course", "part1_boxes"]["problem"] == "ZeroDivisionError: of the tool's own"
    assert found["wang-course", "part1_boxes"]["exercises"] == [] and len(found) == 3
    assert found["lee course", "part0_numbers"]["exercises"]


def test_a_lesson_that_the_teacher_s_course_lacks_has_a_row(mini: Mini, tmp_path: Path):
    older = make(tmp_path / "older")
    for name in ("part0_gone", "part0_numbers"):
        folder = older.lesson("part0_numbers").folder.with_name(name)
        folder.mkdir(exist_ok=True)
        (folder / "answers.py").write_text(f"def double(x):\n    {STUB}\n", encoding="utf-8")
    commit(older.root)
    lines = said("classroom", str(older.root), "--unprotected", "--json", code=2).splitlines()
    here, gone = map(json.loads, lines)
    assert (here["lesson"], here["problem"], gone["lesson"]) == ("part0_numbers", "", "part0_gone")
    assert gone["learner"] == "older" and "no such lesson" in gone["problem"] and gone["exercises"] == []


@confined
def test_the_table_is_shown_even_if_it_cannot_be_written(mini: Mini, tmp_path: Path):
    late = make(tmp_path / "late")
    commit(late.root)
    (mini.root / "blocked").write_text("a file")
    result = CliRunner().invoke(coach, ["classroom", str(late.root), "--csv", "blocked/class.csv"])
    assert result.exit_code == 2 and "nothing begun" in result.stdout and "blocked" in result.stderr


def test_only_ordinary_answers_of_a_sensible_size_are_taken(tmp_path: Path):
    learner = make(tmp_path / "odd")
    path = learner.begin("part0_numbers")
    huge = learner.lesson("part0_words").answers
    huge.write_bytes(b"#" * (LARGEST + 1))
    if os.name == "posix":
        learner.lesson("part1_boxes").answers.symlink_to("/etc/passwd")
    (learner.root / "answers.py").write_text("x = 1\n")
    commit(learner.root)
    found = collect(str(learner.root))
    assert found.answers == {"part0_numbers": path.read_bytes()}
    assert "larger than 1 MiB" in found.left_out["part0_words"]
    assert os.name != "posix" or "is a link" in found.left_out["part1_boxes"]


@confined
def test_who_has_begun_in_a_file_that_is_not_taken_is_not_said_to_have_begun_nothing(mini: Mini, tmp_path: Path):
    learner = make(tmp_path / "odd")
    learner.lesson("part0_words").answers.write_bytes(b"#" * (LARGEST + 1))
    commit(learner.root)
    told = said("classroom", str(learner.root), code=2)
    assert "part0_words" in told and "larger than 1 MiB" in told and "nothing begun" not in told


@pytest.mark.parametrize("bare", [False, True])
def test_a_repository_without_a_commit_says_so(tmp_path: Path, bare: bool):
    subprocess.run(["git", "init", "-q", *["--bare"] * bare, str(tmp_path / "empty")], check=True)
    assert "no commit" in collect(str(tmp_path / "empty")).problem
    subprocess.run(["git", "init", "-q", str(tmp_path / "astray")], check=True)
    (tmp_path / "astray" / "a").write_text("1")
    commit(tmp_path / "astray")
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/gone"], cwd=tmp_path / "astray", check=True)
    assert "no commit" in collect(str(tmp_path / "astray")).problem


def test_without_git_a_class_is_told_to_install_it(mini: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match="git was not found: install it"):
        collect(str(mini.root))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://github.com/wang/course.git", "wang/course"),
        ("https://github.com/wang/course/", "wang/course"),
        ("git@github.com:wang/course.git", "wang/course"),
        ("/srv/class/wang", "wang"),
        ("learners/小王", "小王"),
    ],
)
def test_a_learner_is_called_by_the_repository(source: str, name: str):
    assert name_of(source) == name


@pytest.mark.parametrize("source", ["--upload-pack=touch pwned", "ext::sh -c touch% pwned"])
def test_an_address_is_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str):
    monkeypatch.chdir(tmp_path)
    assert collect(source).problem and not (tmp_path / "pwned").exists()


# confinement


@pytest.fixture
def listening() -> Iterator[int]:
    """A port of this machine's at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def answer(mini: Mini, port: int, file: Path) -> None:
    """An answer that passes, and that prints how far it came outside."""
    body = f"""
    import os, socket, tempfile
    def done(what, deed):
        try:
            deed()
            print(what, "done")
        except OSError as error:
            print(what, "refused")
    done("network", lambda: socket.create_connection(("127.0.0.1", {port}), timeout=5).close())
    done("name", lambda: socket.create_connection(("192.0.2.1", 80), timeout=0.2))
    done("outside", lambda: open({str(file)!r}, "w").close())
    done("lesson", lambda: open(__file__.replace("answers", "tests"), "a").close())
    done("temporary", lambda: tempfile.TemporaryFile().close())
    print("token", os.environ.get("SECRET_TOKEN", "unseen"))
    return 2 * x"""
    mini.begin("part0_numbers", (STUB, body.strip()))


def printed(*arguments: str) -> list[str]:
    verdict = json.loads(said("check", "double", "--json", *arguments).splitlines()[0])
    assert verdict["mark"] == "right", verdict
    return sorted(set(verdict["output"].splitlines()))


@confined
@pytest.mark.slow
def test_what_is_isolated_reaches_no_network_and_writes_nowhere(
    mini: Mini, listening: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "outside"
    monkeypatch.setenv("SECRET_TOKEN", "seen")
    answer(mini, listening, file)
    free = printed()
    assert {"network done", "outside done", "lesson done", "token seen"} <= set(free) and file.exists()
    file.unlink()
    confined = printed("--isolated")
    assert {"network refused", "name refused", "temporary done", "token unseen"} <= set(confined), confined
    assert {"outside refused", "lesson refused"} <= set(confined) and not file.exists(), confined


OUTSIDE = """
import os, subprocess, sys
pid, path = int(sys.argv[1]), sys.argv[2]
for what, deed in (
    ("signal", lambda: os.kill(pid, 0)),
    ("cutting", lambda: os.truncate(path, 0)),
    ("environment", lambda: open(f"/proc/{pid}/environ").read()),
    ("own child", lambda: subprocess.Popen(["sleep", "60"]).kill()),
):
    try:
        deed()
        print(what, "done")
    except OSError:
        print(what, "refused")
"""


@confined
def test_what_is_isolated_reaches_no_other_process(tmp_path: Path):
    kept, version = tmp_path / "kept", isolated.landlock()
    kept.write_text("mine", encoding="utf-8")
    (tmp_path / "own").mkdir()
    command = [*isolated.prefix(tmp_path / "own"), sys.executable, "-I", "-c", OUTSIDE, str(os.getpid()), str(kept)]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.splitlines()
    refused = {"signal": version >= 6, "cutting": version >= 3, "environment": True, "own child": False}
    assert said == [f"{what} {'refused' if no else 'done'}" for what, no in refused.items()]


WITHOUT_LANDLOCK = """
import errno, sys
from coach.running import isolated
real = isolated.called
def called(name, *arguments):
    if arguments[0] == isolated.CREATE_RULESET:
        raise OSError(errno.ENOSYS, "syscall: Function not implemented")
    return real(name, *arguments)
isolated.called = called
isolated.main(sys.argv[1], [sys.executable, "-c", "print('run')"])
"""


@confined
def test_without_landlock_nothing_is_run(tmp_path: Path):
    command = [sys.executable, "-c", WITHOUT_LANDLOCK, str(tmp_path)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (isolated.REFUSED, "") and "Landlock" in done.stderr, done


@confined
def test_progress_can_be_isolated_and_becomes_points(mini: Mini, tmp_path: Path):
    mini.begin("part0_numbers", (STUB, "return 2 * x"), (STUB, "return 0.0"))
    file = tmp_path / "progress.jsonl"
    file.write_text(said("progress", "--isolated", "--json"), encoding="utf-8")
    command = [sys.executable, str(ROOT / ".ci/points"), str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert "| Day 0 · numbers | 1 | 1 | 1 |" in done.stdout
    complete, report = done.stderr.splitlines()
    assert complete == "::notice title=Autograding complete::Points 1/3"
    assert json.loads(report.removeprefix("::notice title=Autograding report::")) == {"totalPoints": 1, "maxPoints": 3}


def test_where_nothing_can_be_refused_it_is_said(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("coach.running.isolated.why_not", lambda: "no such system")
    monkeypatch.setattr("coach.running.runner.why_not", lambda: "no such system")
    mini.begin("part0_numbers", (STUB, "return 2 * x"))
    for arguments in (["check", "double", "--isolated"], ["progress", "--isolated"], ["classroom", str(mini.root)]):
        result = CliRunner().invoke(coach, arguments)
        assert result.exit_code == 2 and "no such system" in result.stderr and "container" in result.stderr
    commit(mini.root)
    assert "part0_numbers" in said("classroom", str(mini.root), "--unprotected")


# the workflows


def test_the_workflow_keeps_to_the_convention_of_autograding():
    workflow = yaml.safe_load((ROOT / ".github/workflows/classroom.yml").read_text(encoding="utf-8"))
    assert workflow["name"] == "Autograding Tests" and list(workflow["jobs"]) == ["run-autograding-tests"]
    runs = [step["run"] for step in workflow["jobs"]["run-autograding-tests"]["steps"] if "run" in step]
    assert any("coach progress --isolated --json" in run and ".ci/points" in run for run in runs)


LESSON = {"kind": "lesson", "title": "Day 0", "exercises": [{"name": "double", "mark": "right"}]}


@pytest.mark.skipif(os.name == "nt", reason="the workflow's shell is bash")
@pytest.mark.parametrize(
    ("printed", "code", "told"),
    [
        (json.dumps(LESSON), 0, "Points 1/1"),
        (json.dumps({"kind": "error", "why": "no such system"}), 2, "no such system"),
        ("", 1, "is empty"),
        (json.dumps(LESSON), 1, "Points 1/1"),
    ],
)
def test_the_workflow_s_run_fails_where_judging_failed_and_says_why(tmp_path: Path, printed: str, code: int, told: str):
    workflow = yaml.safe_load((ROOT / ".github/workflows/classroom.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["run-autograding-tests"]["steps"]
    (step,) = [step for step in steps if ".ci/points" in step.get("run", "")]
    for name, text in (
        ("coach", f"printf '%s' '{printed}'; exit {code}"),
        ("sudo", "exit 1"),
        ("python", f'exec "{sys.executable}" "$@"'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/points").write_bytes((ROOT / ".ci/points").read_bytes())
    command = ["bash", "-e", *["-o", "pipefail"] * (step.get("shell") == "bash"), "-c", step["run"]]
    env = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": "summary"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False)
    assert bool(done.returncode) == bool(code) and told in done.stderr, done
    (upload,) = [step for step in steps if "upload-artifact" in step.get("uses", "")]
    assert "always()" in upload["if"], "the file tells more"


@pytest.mark.parametrize("name", ["class", "classroom"])
def test_no_token_is_where_strangers_code_runs(name: str):
    workflow = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            if "coach " in step.get("run", ""):
                assert "secrets" not in str(step)
