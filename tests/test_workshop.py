"""The workshop: the commands that its text quotes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from part0_workshop import figures, sandbox

from coach.course.workspace import Workspace

WORKSPACE = Workspace.here()
LESSON = next(lesson for lesson in WORKSPACE.lessons if lesson.name == "part0_workshop")
needs_sh = pytest.mark.skipif(not sandbox.shell(), reason="needs sh")
needs_keygen = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")


def blocks(kind: str) -> list[str]:
    """The fenced blocks of the English text, without the marks of a comment."""
    fences = re.findall(rf"^# ```{kind}\n((?:#.*\n)*?)# ```$", LESSON.view("en"), re.MULTILINE)
    return [re.sub(r"^# ?", "", block, flags=re.MULTILINE) for block in fences]


def run(script: str, folder: Path) -> str:
    shell = shutil.which("bash") or sandbox.shell()
    done = subprocess.run(
        [shell, "-e", "-c", script], cwd=folder, env=sandbox.environment(folder), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@needs_sh
@pytest.mark.slow
def test_the_quoted_commands_make_and_leave_an_environment(tmp_path):
    (script,) = blocks("bash")
    said = run(
        f'python() {{ "{sys.executable}" "$@"; }}\n{script}'.replace("source", "unset -f python; source"), tmp_path
    )
    assert str(tmp_path / ".venv") in said and "pip " in said
    assert (tmp_path / ".venv").is_dir()


def test_both_languages_quote_the_same_commands():
    texts = [LESSON.view(lang) for lang in ("zh", "en")]
    zh, en = (re.findall(r"^# ```[a-z]*\n(?:#.*\n)*?# ```$", text, re.MULTILINE) for text in texts)
    assert zh == en and len(en) == 3


def drawn_hashes() -> list[str]:
    """The trees and blobs that the figure of git's objects names."""
    return re.findall(r"(?:tree<br>|blob )([0-9a-f]{7})", " ".join(text for text, _, _ in figures.OBJECTS.values()))


@needs_sh
@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            "git log --oneline --graph --all",
            ["A  log.txt", "?? data.bin", "-loss 0.9", "+loss 0.5", "Leave the data out"],
        ),
        ("git show HEAD:log.txt", ["loss 0.9\n", " M log.txt"]),
        ("git reset --soft HEAD~1", ["M  a.txt", "reset: moving to HEAD~1", "commit: oops"]),
        ("./greet.sh", ["Hello, stranger", "Hello, you", "Hello, all", "./out.txt"]),
        ("git count-objects", ["4 objects", "7 objects", "ref: refs/heads/main", "parent ", *drawn_hashes()]),
        ("git check-ignore", ["?? .gitignore\n?? keep.bin\n?? sub/notes.txt\n", ".gitignore:1:*.bin"]),
        ("git merge theirs", ["<<<<<<< HEAD\nfigures\n=======\ntensors\n>>>>>>> theirs\n", "UU plan.txt"]),
        ("git rebase --quiet main", ["Fast-forward", "* 8b6bac6 C\n* c651da5 A\n"]),
        ("git revert --no-edit HEAD", ['Revert "two"', "\none\n"]),
        ("find . -name *.py ", ["cat: my: ", "my day.txt $name", "a.py\n./a.py\nfind", "./a.py\n./sub/b.py", "\nwc"]),
        ("sh go.sh", ["\nhere\nplace is ''", "\nreached\n0\n", "\nsub\nplace is 'sub'"]),
        ("kill -0", ["it runs\n", "\n143"]),
        ("./train.sh ; echo", ["not found\n127\n", "\nit runs\nPATH", "this folder comes first\nit runs"]),
        pytest.param("ssh-keygen", ["\nssh-ed25519", "id_test\nid_test.pub\n", "PRIVATE KEY"], marks=needs_keygen),
    ],
)
def test_the_cells_commands_do_what_the_text_says(cell, said):
    scripts = re.findall(r' = """\n(.*?)"""', LESSON.text, re.DOTALL)
    script = next(script for script in scripts if cell in script)
    printed = sandbox.sh(script.replace("\\\\", "\\"))
    assert not [words for words in said if words not in printed], printed
    assert "fatal" not in printed and "error" not in printed.replace("err.txt", "")


@needs_sh
@pytest.mark.parametrize(
    "command",
    ["git restore a.txt", "git restore --staged a.txt", "git reset --soft HEAD~1", "git revert --no-edit HEAD", "git reflog",
     "git branch rescue HEAD~1", "git log main..HEAD", "git log -p"],
)  # fmt: skip
def test_the_other_git_commands_work(command, tmp_path):
    begin = "git init -q . && echo 1 > a.txt && git add . && git commit -qm 1 && echo 2 > a.txt && git commit -qam 2"
    run(f"{begin} && echo 3 > a.txt && git add a.txt && git stash -q\n{command}", tmp_path)
    words = command.replace("--no-edit ", "").split()[:3]
    assert " ".join(words[:2]) in LESSON.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_coach_knows_the_commands_that_the_text_names(lang):
    names = set(re.findall(r"`coach ([a-z]+)", LESSON.view(lang)))
    assert {"dojo", "doctor", "hint", "questions"} <= names
    for name in names:
        done = subprocess.run(
            [sys.executable, "-m", "coach", name, "--help"],
            env=WORKSPACE.environment(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, name


def test_the_dojos_have_the_steps_that_the_text_lists():
    from coach.dojo import git, unix

    for dojo in (git.DOJO, unix.DOJO):
        names = [step.name for step in dojo.steps]
        for lang, between in (("zh", "、"), ("en", ", ")):
            listed = (
                re.sub(r" ?[（(][^）)]*`[^）)]*[）)]", "", LESSON.view(lang)).replace(" ,", ",").replace(" , ", ", ")
            )
            listed = re.sub(rf"\s*{between.strip()}\s*", between, listed)
            assert between.join(names) in listed, names
