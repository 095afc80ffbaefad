"""`coach report`: all that is needed to mend what is wrong, and nothing of whose machine it is."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from minicourse import Mini, make

from coach.commands.private import Private
from coach.commands.root import coach
from coach.course.release import Release

STUB = "raise NotImplementedError"


def said(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(coach, ["report", *arguments])
    assert result.exit_code == code and "Traceback" not in result.output, result.output
    return result.output


def written(output: str) -> str:
    return Path(output.split(":1\n")[0]).read_text(encoding="utf-8")


@pytest.fixture
def someone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mini:
    """A course in the home of somebody with a name, on a machine with a name."""
    home = tmp_path / "张三丰" / "zhang.sanfeng"
    course = make(home / "课程 of Zhang")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "zhang.sanfeng")
    monkeypatch.setenv("COACH_LANG", "en")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setenv("MY_SECRET", "open-sesame")
    monkeypatch.setattr(platform, "node", lambda: "wudang-laptop.example")
    monkeypatch.chdir(course.root)
    return course


LEAKS = ("zhang", "Zhang", "张三丰", "wudang", "Shanghai", "sesame", "课程 of")


@pytest.mark.parametrize(("lang", "heading"), [("zh", "## 判定"), ("en", "## Verdict")])
def test_a_report_holds_the_answer_the_verdict_and_the_versions(
    someone: Mini, monkeypatch: pytest.MonkeyPatch, lang: str, heading: str
):
    monkeypatch.setenv("COACH_LANG", lang)
    body = "import os, platform\n    print(os.getcwd(), __file__, platform.node())\n    return x**2"
    someone.begin("part0_numbers", (STUB, body), lang=lang)
    text = written(said("double"))
    assert "    return x**2" in text and heading in text and "✗ double" in text and "double(3.0)" in text
    assert "平方" in text if lang == "zh" else "That is the square" in text
    assert Release.of(someone.root).version in text and platform.python_version() in text
    assert f"torch: {__import__('torch').__version__}" in text
    assert f"{platform.system()} {platform.machine()}" in text
    assert not [leak for leak in LEAKS if leak in text], text
    assert "<course>/chapter0_fundamentals" in text.replace("\\", "/"), "the rest of a path is told"


def test_an_error_and_a_broken_file_tell_no_path(someone: Mini):
    someone.begin("part0_numbers", (STUB, "return open(__file__ + '/nothing').read()"))
    text = written(said("double"))
    assert "nothing" in text and not [leak for leak in LEAKS if leak in text], text
    someone.begin("part0_numbers", (STUB, "return (("))
    text = written(said("double"))
    assert "SyntaxError" in text and "return ((" in text and not [leak for leak in LEAKS if leak in text], text


def test_nothing_is_overwritten_and_nothing_is_tracked(mini: Mini):
    mini.begin("part0_numbers", (STUB, "return 2 * x"))
    first, second = said("double"), said("double")
    assert first != second and written(first) == written(second) and "✓ double" in written(first)
    ignored = (Path(__file__).parents[1] / ".gitignore").read_text(encoding="utf-8").split("\n")
    assert ".coach/" in ignored and ".coach" in Path(first.split(":1\n")[0]).parts
    assert "nothing was sent" in first and "New issue" in first
    (line,) = said("double", "--json").splitlines()
    assert json.loads(line)["kind"] == "said" and "double-3.md:1" in json.loads(line)["text"]


def test_a_fence_in_the_answer_ends_no_block(mini: Mini):
    mini.begin("part0_numbers", (STUB, "# ```\n    # ````\n    return 2 * x"))
    text = written(said("double"))
    assert "`````python\n" in text and text.count("`````") == 2


def test_an_exercise_that_is_not_there_or_not_begun(mini: Mini):
    assert "Did you mean double" in said("dubble", code=2)
    assert "coach start 2" in said("opposite", code=2)


def test_the_code_of_an_answer_stays_the_code_that_it_is():
    private = Private({"/home/li": "<home>"}, ["li"])
    code = "y = 1 /x/y\nli = a // b  # per li/mi\nopen('/data/li/rays.pt'); open('/home/li/x')\n"
    hidden = private.hidden_in_code(code)
    assert hidden == "y = 1 /x/y\nli = a // b  # per li/mi\nopen('…/rays.pt'); open('<home>/x')\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("File /opt/li/lib/x.py, line 3", "File …/x.py, line 3"),
        (r"C:\Users\Li Mei\x.py: no", r"<home>\x.py: no"),
        (r"'C:\\Users\\Li Mei\\x.py'", r"'<home>\\x.py'"),
        (r"D:\work\li\x.py", "…/x.py"),
        (r"\\server\li\x.py", "…/x.py"),
        ("see https://pytorch.org/docs/x", "see https://pytorch.org/docs/x"),
        ("li says 3/4/5 of alike", "… says 3/4/5 of alike"),
        ("王力的答案", "…的答案"),
        ("expected (2, 3) b c/h w", "expected (2, 3) b c/h w"),
    ],
)
def test_paths_and_names_are_hidden_in_what_is_said(text: str, told: str):
    assert Private({"C:\\Users\\Li Mei": "<home>"}, ["li", "王力"]).hidden(text) == told


def test_the_commit_is_told_where_git_knows_it(mini: Mini):
    assert Release.of(mini.root).commit == ""
    author = ["-c", "user.name=n", "-c", "user.email=e"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "course"]):
        subprocess.run(["git", *command], cwd=mini.root, check=True)
    found = Release.of(mini.root)
    assert len(found.commit) == 40 and str(found).endswith(f"({found.commit[:12]})") and not found.packed
    mini.begin("part0_numbers")
    for command in (["add", "."], [*author, "commit", "-qm", "my own answers"]):
        subprocess.run(["git", *command], cwd=mini.root, check=True)
    assert Release.of(mini.root) == found, "a learner's own commit leads to the learner"
    assert sys.version_info >= (3, 11)
