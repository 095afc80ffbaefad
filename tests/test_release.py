"""A release: a zip file that works without git, knows where updates begin, and is told of honestly."""

import io
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from minicourse import Mini

from coach.commands.root import coach
from coach.course.release import NOTE, PAST, Release, past

ROOT = Path(__file__).resolve().parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[0-9]*.yml"))
needs_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a release is packed in a clone")


def packed(folder: Path, root: Path = ROOT) -> Path:
    """The zip file that `.ci/zip` makes of the files as they are, without the book."""
    command = [sys.executable, str(root / ".ci/zip"), "--no-book", "--dirty", "--output", str(folder)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.mark.slow
@needs_git
def test_what_is_unpacked_works_without_git_in_a_folder_with_a_chinese_name(tmp_path: Path):
    archive = packed(tmp_path)
    where = tmp_path / "深度学习 course"
    with zipfile.ZipFile(archive) as unpacked:
        unpacked.extractall(where)
    (root,) = where.iterdir()
    assert root.name == f"deep-learning-fundamentals-{VERSION}" and not (root / ".git").exists()
    found = Release.of(root)
    assert found.version == VERSION and found.packed and re.match("[0-9a-f]{40}", found.commit)

    paths = os.pathsep.join([str(root), str(root / "chapter0_fundamentals/exercises")])
    environ = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    environ |= {"PYTHONPATH": paths, "COACH_LANG": "zh", "COACH_NO_EDITOR": "1", "PYTHONIOENCODING": "utf-8"}

    def run(*arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        command = [sys.executable, "-P", "-m", "coach", *arguments]
        done = subprocess.run(command, cwd=root, env=environ, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode in codes and "Traceback" not in done.stderr, done.stdout + done.stderr
        return done.stdout

    assert "answers.py" in run("start", "part0_chance")
    answers = root / "chapter0_fundamentals/exercises/part0_chance/answers.py"
    text = answers.read_text(encoding="utf-8")
    answers.write_text(text.replace("raise NotImplementedError", "return (values * probs).sum()", 1), encoding="utf-8")
    assert "✓ expectation" in run("check", "expectation")

    solutions = answers.with_name("solutions.py")  # as unpacking the next release over this folder changes it
    lesson = solutions.read_text(encoding="utf-8")
    sentence = "这就是期望（expectation）：以概率为权的平均"
    assert lesson.count(sentence) == 1
    solutions.write_text(lesson.replace(sentence, f"新版本：{sentence}"), encoding="utf-8", newline="\n")
    assert "已更新" in run("update")
    updated = answers.read_text(encoding="utf-8")
    assert f"新版本：{sentence}" in updated and "return (values * probs).sum()" in updated

    # whether this machine is healthy is not the release's business
    doctor = json.loads(run("doctor", "--json", codes=(0, 1)))
    (course,) = (one for one in doctor["findings"] if one["about"] == "课程")
    assert course["text"].startswith(f"{VERSION} (") and "解压到这个文件夹上" in course["fix"]
    assert not [one for one in doctor["findings"] if "查不了" in one["text"]], doctor


# where an update begins


def history(mini: Mini, *changes: tuple[str, str, str]) -> None:
    """Makes the small course a repository: each (tag, old, new) is a release in which its first lesson changed."""
    author = ["-c", "user.name=n", "-c", "user.email=e", "-c", "core.autocrlf=false"]
    (mini.root / ".ci").mkdir()
    (mini.root / ".ci/zip").write_bytes((ROOT / ".ci/zip").read_bytes())
    (mini.root / "coach").symlink_to(ROOT / "coach", target_is_directory=True)
    (mini.root / ".gitignore").write_text("coach\ndist/\n", encoding="utf-8")
    solutions = mini.lesson("part0_numbers").solutions
    subprocess.run(["git", "init", "-q"], cwd=mini.root, check=True)
    for tag, old, new in changes:
        text = solutions.read_text(encoding="utf-8")
        assert old in text
        solutions.write_text(text.replace(old, new), encoding="utf-8", newline="\n")
        for command in (["add", "."], [*author, "commit", "-qm", tag], ["tag", tag]):
            subprocess.run(["git", *command], cwd=mini.root, check=True)


@pytest.mark.skipif(os.name == "nt", reason="makes links")
def test_a_file_whose_base_is_lost_is_updated_from_the_releases_in_the_zip(mini: Mini, tmp_path: Path, monkeypatch):
    history(
        mini,
        ("v0.1.0", "The first sentence.", "The sentence of 0.1.0."),
        ("v0.2.0", "The sentence of 0.1.0.", "The sentence of 0.2.0."),
        ("v0.10.0", "The sentence of 0.2.0.", "The sentence of 0.10.0."),
    )
    subprocess.run(["git", "checkout", "-q", "v0.2.0"], cwd=mini.root, check=True)
    own = mini.begin("part0_numbers", ("raise NotImplementedError", "return x + x")).read_text(encoding="utf-8")
    assert "The sentence of 0.2.0." in own
    mini.lesson("part0_numbers").answers.unlink()
    subprocess.run(["git", "checkout", "-q", "v0.10.0"], cwd=mini.root, check=True)

    with zipfile.ZipFile(packed(tmp_path / "out", mini.root)) as unpacked:
        unpacked.extractall(tmp_path / "new")
    (root,) = (tmp_path / "new").iterdir()
    assert not (root / ".git").exists() and (root / PAST).is_file()
    assert [re.search("sentence of (.*)\\.", text)[1] for text in past(root, "part0_numbers")] == [  # type: ignore
        "0.10.0",
        "0.2.0",
        "0.1.0",
    ]
    monkeypatch.chdir(root)
    fresh = Mini(root)
    fresh.lesson("part0_numbers").answers.write_text(
        own, encoding="utf-8", newline="\n"
    )  # copied alone, without .coach
    result = CliRunner().invoke(coach, ["update"])
    assert result.exit_code == 0 and "earlier releases" in result.output, result.output
    text = fresh.lesson("part0_numbers").answers.read_text(encoding="utf-8")
    assert "The sentence of 0.10.0." in text and "0.2.0" not in text and "return x + x" in text


@pytest.mark.skipif(os.name == "nt", reason="makes links")
def test_what_is_not_committed_is_in_no_release(mini: Mini, tmp_path: Path):
    history(mini, ("v0.1.0", "The first sentence.", "Another sentence."))
    command = [sys.executable, str(mini.root / ".ci/zip"), "--no-book", "--output", str(tmp_path / "out")]
    with open(mini.root / "pyproject.toml", "a", encoding="utf-8") as file:
        file.write("# a change\n")
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1 and "not committed" in done.stderr and not (tmp_path / "out").exists()
    subprocess.run(["git", "checkout", "-q", "."], cwd=mini.root, check=True)
    (mini.root / "answers.py").write_text("mine = 1\n", encoding="utf-8")  # not tracked: a learner's
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    with zipfile.ZipFile(done.stdout.strip()) as archive:
        assert not [name for name in archive.namelist() if name.endswith("answers.py")]


def test_a_damaged_archive_of_the_past_is_as_none(mini: Mini):
    (mini.root / PAST).write_bytes(b"no zip")
    assert list(past(mini.root, "part0_numbers")) == []
    (mini.root / NOTE).write_text('{"version": "9"}', encoding="utf-8")
    assert not Release.of(mini.root).packed


def spoilt(how: str) -> bytes:
    """An archive of the past that can't be read to its end."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.1/part0_numbers.py", b"\xc4\xe3" if how == "GBK" else b"# a lesson\n" * 100)
    data = bytearray(packed.getvalue())
    begins, listed = 30 + len("0.1/part0_numbers.py"), data.index(b"PK\x01\x02")
    if how == "data":
        data[begins] = 0xFF
    if how == "sum":
        data[listed + 16] ^= 0xFF
    if how == "encrypted":
        data[6] |= 1
        data[listed + 8] |= 1
    if how == "method":
        data[8] = data[listed + 10] = 99
    return bytes(data)


@pytest.mark.parametrize("how", ["GBK", "data", "sum", "encrypted", "method"])
def test_however_the_archive_of_the_past_is_damaged_it_is_as_none(mini: Mini, how: str):
    (mini.root / PAST).write_bytes(spoilt(how))
    assert list(past(mini.root, "part0_numbers")) == []


@pytest.mark.parametrize(
    "data", [b"<<<<<<< ours\n[project]\n", b"\xff", b"", b"project = 1\n", b'project = "x"\n', b"[project]\n"]
)
def test_a_version_that_cannot_be_read_is_told_as_unknown(mini: Mini, data: bytes):
    (mini.root / "pyproject.toml").write_bytes(data)
    assert Release.of(mini.root).version == "?"


def test_a_zip_made_by_git_itself_knows_its_commit(mini: Mini, tmp_path: Path):
    """GitHub's "Download ZIP" is one."""
    for name in (".gitattributes", NOTE):
        (mini.root / name).write_bytes((ROOT / name).read_bytes())
    assert not Release.of(mini.root).packed
    history(mini, ("v0.1.0", "The first sentence.", "Another sentence."))
    assert not Release.of(mini.root).packed and Release.of(mini.root).commit
    target = tmp_path / "main.zip"
    subprocess.run(["git", "archive", "--format=zip", "-o", str(target), "HEAD"], cwd=mini.root, check=True)
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "main")
    found = Release.of(tmp_path / "main")
    assert found.packed and found.commit == Release.of(mini.root).commit


# what a release says of itself


def notes(*arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / ".ci/notes"), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_the_change_log_tells_of_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = re.findall(r"^## \[([^]]+)\](?: - (.+))?$", text, re.MULTILINE)
    assert [entry for entry, _ in entries][:2] == ["Unreleased", VERSION]
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert "Added" in kinds and "新增" in kinds


def test_notes_are_for_the_version_alone_and_want_a_date(tmp_path: Path):
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/notes").write_bytes((ROOT / ".ci/notes").read_bytes())
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', encoding="utf-8")
    log = "## [Unreleased]\n\n- later\n\n## [1.2.0] - DATE\n\n- 新的一课\n\n## [1.1.0] - 2025-01-01\n\n- old\n"
    (tmp_path / "CHANGELOG.md").write_text(log, encoding="utf-8")
    assert "must be v1.2.0" in notes("v1.3.0", root=tmp_path).stderr
    undated = notes("v1.2.0", root=tmp_path)
    assert undated.returncode == 1 and "[1.2.0] - YYYY-MM-DD" in undated.stderr
    (tmp_path / "CHANGELOG.md").write_text(log.replace("DATE", "2026-02-03"), encoding="utf-8")
    assert notes("v1.2.0", root=tmp_path).stdout == "- 新的一课\n"


@needs_git
def test_the_version_stands_in_one_place():
    files = subprocess.run(["git", "ls-files", "coach", "*.md", "*.yml"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in files.stdout.decode("utf-8").split() if name != "CHANGELOG.md"]
    assert {"README.md", "coach/__init__.py", ".github/workflows/release.yml"} <= set(names)
    quoted = re.compile(rf"""version["']?\s*[:=]\s*["']{re.escape(VERSION)}""", re.IGNORECASE)
    assert not [name for name in names if quoted.search((ROOT / name).read_text(encoding="utf-8"))]


def test_the_workflow_packs_what_the_script_packs():
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    assert workflow[True]["push"]["tags"] == ["v*"]  # YAML reads `on` as true
    steps = workflow["jobs"]["zip"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert steps[0]["with"]["fetch-depth"] == 0, "earlier releases are read from git"
    assert runs[0].startswith("python .ci/notes ") and "python .ci/zip" in runs and "dist/*.zip" in runs[-1]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_is_one_and_speaks_both_languages(path: Path):
    form: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form.keys() <= {"name", "description", "labels", "body"}
    fields = [one for one in form["body"] if one["type"] != "markdown"]
    ids = [one["id"] for one in fields]
    assert fields and len(set(ids)) == len(ids) and any(one.get("validations", {}).get("required") for one in fields)
    assert {one["type"] for one in form["body"]} <= {"markdown", "textarea", "input", "dropdown"}
    shown = [form["name"], form["description"]]
    for one in form["body"]:
        what = one["attributes"]
        shown += [what[key] for key in ("value", "label", "description") if key in what]
        assert ("label" in what) != (one["type"] == "markdown")
        assert ("options" in what) == (one["type"] == "dropdown")
    for text in shown:
        assert re.search("[一-鿿]", text) and re.search("[a-z]{2}", text), text


def test_there_is_a_form_for_each_kind_and_the_report_names_one(mini: Mini):
    names = [yaml.safe_load(path.read_text(encoding="utf-8"))["name"] for path in FORMS]
    assert len(names) == 4
    mini.begin("part0_numbers")
    told = CliRunner().invoke(coach, ["report", "double"]).output
    assert names[0].split(" · ")[0] in told
