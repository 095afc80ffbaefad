"""The dojos, solved from end to end by typing the commands; each step is seen to be not done, then done."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from coach.commands.root import coach as coach_group
from coach.dojo import git, unix
from coach.dojo.dojo import Dojo, Place
from coach.words import Trouble

BASH = shutil.which("bash")
needs_a_shell = pytest.mark.skipif(not BASH or not shutil.which("git"), reason="needs bash and git")
DOJOS = {"git": git.DOJO, "unix": unix.DOJO}

# The parts of the last step: a branch, the fix, a commit in the project's form, the text of the pull request.
BRANCHED = "git clone fork.git meanwhile && cd meanwhile && git switch -c empty-list"
MENDED = (
    "sed -i.bak 's/^    total = .*/    if len(numbers) < window: return []\\n&/' meanwhile.py && rm meanwhile.py.bak"
)
FIXED = (
    "git commit -am 'fix: no mean where there are too few numbers' -m 'It gave a sum that is no mean.' -m 'Fixes #7'"
)
REQUESTED = "printf '## What\\n%s\\n\\n## Why\\n%s\\n\\n## How it was tested\\n%s\\n' A B C > ../pull-request.md"

# What a learner types, step by step, in the dojo's folder; $plan and the like are the files' names.
GIT = {
    "clone": "git clone server.git notes",
    "identity": "cd notes && git config user.name L && git config user.email l@example.org",
    "look": "cd notes && git log --format=%h --grep Friday > ../hash.txt",
    "branch": "cd notes && git switch -c summary",
    "stage": 'cd notes && echo hello > "$day" && git add "$day"',
    "commit": "cd notes && git commit -m 'What I learned on day one'",
    "ignore": 'cd notes && echo "$draft" > .gitignore && git add .gitignore && git commit -m "Leave out the draft"',
    "push": "cd notes && git push -u origin summary",
    "merge": "cd notes && git switch main && git merge summary && git push",
    "change": 'cd notes && sed -i.bak "2s/.*/$tuesday/" "$plan" && rm "$plan.bak" && git commit -am Tensors',
    "conflict": "cd notes && ! git push && ! git pull --no-rebase && sed -i.bak '/^[<=>]\\{7\\}/d' \"$plan\""
    ' && rm "$plan.bak" && git add "$plan" && git commit -m Both && git push',
    "old": 'cd notes && git show "$(git log --format=%h --grep Plan)":"$plan" > ../old.md',
    "revert": "cd notes && git pull && git revert --no-edit HEAD && git push",
    "undo": 'cd notes && echo more >> "$day" && git commit -am oops && git reset --soft HEAD~1',
    "rescue": "cd notes && git branch rescue HEAD@{1}",
    "contribute": f"{BRANCHED} && {MENDED} && {FIXED} && git push -u origin empty-list && {REQUESTED}",
}
UNIX = {
    "where": 'cd "$map/$north" && pwd > where.txt',
    "hidden": 'cp "$map/$hidden" password.txt',
    "make": 'mkdir -p "$results/2026/plots"',
    "move": 'mv "$moved" "$results/"',
    "find": "find \"$logs\" -name '*.log' > logs.txt",
    "grep": "grep -rh --include='*.log' ERROR \"$logs\" > errors.txt",
    "pipe": "sort errors.txt | uniq -c | sort -rn | head -n 1 > top.txt",
    "columns": "sort -t, -k2 -n -r scores.csv | head -n 2 > best.txt",
    "run": "chmod +x run.sh && ./run.sh",
    "streams": "./run.sh > out.txt 2> err.txt",
    "append": "echo first > history.txt; echo second >> history.txt",
    "environment": "LEARNER=Ada sh greet.sh > greeting.txt",
    "remove": 'rm -r "$junk"',
}
TYPED = {"git": GIT, "unix": UNIX}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the learner's, whose git would do everything otherwise; the dojos' folder, with a space and in Chinese."""
    own = tmp_path / "home"
    own.mkdir()
    config = "[user]\n\tname = Learner\n\temail = learner@example.org\n[core]\n\tautocrlf = false\n\teditor = true\n"
    (own / ".gitconfig").write_text(config + "[commit]\n\tgpgsign = false\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(own))
    monkeypatch.setenv("COACH_LANG", "en")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return tmp_path / "道 场"


def typed(place: Place, command: str) -> None:
    """Runs what a learner types in the dojo's folder."""
    names = {key: value for key, value in place.names.items() if not key.startswith("_")}
    environment = os.environ | names | {"GIT_EDITOR": "true"}
    assert BASH
    done = subprocess.run([BASH, "-c", command], cwd=place.root, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")


def now(dojo: Dojo, place: Place) -> str:
    """The step that is to be done next."""
    done, _ = dojo.judge(place)
    return dojo.steps[done].name if done < len(dojo.steps) else ""


@needs_a_shell
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["git", "unix"])
def test_every_step_is_open_before_it_is_done_and_done_afterwards(home, name, lang):
    dojo, commands = DOJOS[name], TYPED[name]
    place = dojo.place(home, lang)
    assert [step.name for step in dojo.steps] == list(commands)
    for step, following in zip(dojo.steps, [*list(commands)[1:], ""], strict=True):
        assert now(dojo, place) == step.name
        assert now(dojo, place) == step.name  # looking changes nothing
        typed(place, commands[step.name])
        assert now(dojo, place) == following, step.name
        assert dojo.draw(place)
    assert dojo.place(home, lang) == place
    assert now(dojo, place) == ""


@needs_a_shell
def test_what_is_done_in_another_way_counts_too(home, stages):
    place = solved_until(home, "conflict", "git", stages)
    typed(
        place,
        'cd notes && ! git push; ! git pull --rebase; sed -i.bak \'/^[<=>]\\{7\\}/d\' "$plan" && rm "$plan.bak"'
        ' && git add "$plan" && git rebase --continue && git push && git branch -d summary && git push origin :summary',
    )
    assert now(git.DOJO, place) == "old"
    typed(place, GIT["old"])
    assert now(git.DOJO, place) == "revert"
    typed(place, 'cd notes && git pull && git checkout HEAD~1 -- "$words" && git commit -m Back && git push')
    assert now(git.DOJO, place) == "undo"
    typed(place, "cd notes && touch x && git add x && git commit -m oops && git reset HEAD~1")
    assert now(git.DOJO, place) == "rescue"


@needs_a_shell
@pytest.mark.parametrize("pattern", ["**/draft.txt", "/draft.txt", "*.txt", "dr?ft.*", "[a-e]raft.txt", "draft.txt "])
def test_every_pattern_that_git_takes_counts(home, stages, pattern):
    place = solved_until(home, "ignore", "git", stages)
    typed(place, f"cd notes && echo '{pattern}' > .gitignore && git add .gitignore && git commit -qm x")
    assert now(git.DOJO, place) == "push"


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the dojos are kept as they are before each step: solved once, copied for each slip."""
    return tmp_path_factory.mktemp("stages")


def solved_until(home: Path, name: str, dojo: str, stages: Path) -> Place:
    """The dojo with all steps before that one done."""
    if not (stages / dojo).exists():
        place = DOJOS[dojo].place(stages / "making", "en")
        for step, command in TYPED[dojo].items():
            shutil.copytree(place.root, stages / dojo / step)
            typed(place, command)
            DOJOS[dojo].judge(place)
    shutil.copytree(stages / dojo / name, home / dojo)
    place = DOJOS[dojo].place(home, "en")
    if (home / dojo / "notes").is_dir():
        git.git(place, "config", "remote.origin.url", str(home / dojo / "server.git"))
    return place


def pushed(mended: str, committed: str) -> str:
    """The last step, but for the text of the pull request."""
    return f"{BRANCHED} && {mended} && {committed} && git push -q -u origin empty-list"


# A step, what a learner does instead, and a word of what is said then.
SLIPS = [
    ("clone", "mkdir notes", "not a git repository"),
    ("clone", "git init -q notes", "not a clone"),
    ("identity", "cd notes && git config user.name L", "user.email"),
    ("identity", "cd notes && git config user.name L && git config user.email none", "@"),
    ("look", "cd notes && git log --format=%h -n 1 > ../hash.txt", "is not the commit"),
    ("look", "echo 1 > hash.txt", "no hash"),
    ("stage", "cd notes && echo hello > 'day one.md'", "not staged"),
    ("stage", "cd notes && echo hello > 'day one.md' && git add .", "should not be"),
    ("commit", "cd notes && git add . && git commit -qm all", "holds 2 files"),
    ("commit", "cd notes && git switch -q main && git commit -qm all", "is on main"),
    ("ignore", "cd notes && echo draft.txt > .gitignore", "not committed"),
    ("ignore", "cd notes && echo drafts > .gitignore && git add . && git commit -qm x", "No line"),
    ("ignore", "cd notes && printf '*.txt\n!draft.txt\n' > .gitignore && git add . && git commit -qm x", "No line"),
    ("merge", "cd notes && git switch -q main && git merge -q summary", "not pushed"),
    ("change", 'cd notes && echo "$tuesday" >> "$plan"', "not committed"),
    ("conflict", "cd notes && ! git pull --no-rebase", "The conflict is still there"),
    ("conflict", "cd notes && ! git pull --no-rebase; git add . && git commit -qm x", "marks were committed"),
    ("conflict", 'cd notes && ! git pull --no-rebase; git checkout --ours "$plan" && git add .', "still to come"),
    ("conflict", 'cd notes && ! git pull --no-rebase; git checkout --ours "$plan"; git commit -qam x', "lacks"),
    ("old", 'cp "notes/$plan" old.md', "is not study plan.md"),
    ("revert", "cd notes && git pull", "not back"),
    ("revert", "cd notes && git pull && git revert --no-edit HEAD", "not pushed"),
    ("undo", "cd notes && echo x >> 'day one.md' && git commit -qam oops", "still part"),
    ("rescue", "cd notes && git branch rescue", "does not point"),
    ("contribute", "true", "not cloned"),
    ("contribute", "git clone fork.git meanwhile", "no branch empty-list"),
    ("contribute", BRANCHED, "no commit"),
    ("contribute", f"{BRANCHED} && {MENDED} && {FIXED}", "push it"),
    ("contribute", f"{BRANCHED} && {MENDED} && {FIXED} && git push origin empty-list:main empty-list", "main of fork"),
    ("contribute", pushed(MENDED, "git commit -qam x && git commit --allow-empty -qm y"), "not 2"),
    (
        "contribute",
        pushed("sed -i.bak 's/2 *, *3/2/' meanwhile.py", "git add . && git commit -qm x"),
        "it changes: meanwhile.py.bak",
    ),
    ("contribute", pushed("echo >> meanwhile.py", FIXED), "fewer_numbers"),
    ("contribute", pushed("sed -i.bak '/def test_f/,/, \\[\\])/d' test_*.py && rm *.bak", FIXED), "alone; it changes"),
    ("contribute", pushed(MENDED, "git commit -am 'Fix the mean'"), "not `fix:"),
    ("contribute", pushed(MENDED, FIXED.replace("too few", "altogether far too few")), "more than 50"),
    ("contribute", pushed(MENDED, FIXED.replace("numbers'", "numbers.'")), "full stop"),
    ("contribute", pushed(MENDED, "printf 'fix: x\\nWhy\\nFixes #7' | git commit -aF -"), "no empty line"),
    ("contribute", pushed(MENDED, FIXED.replace(" -m 'Fixes #7'", "")), "Fixes #7"),
    ("contribute", pushed(MENDED, FIXED.replace(" -m 'It gave a sum that is no mean.'", "")), "say why"),
    ("contribute", pushed(MENDED, FIXED), "no pull-request.md"),
    (
        "contribute",
        f"{pushed(MENDED, FIXED)} && printf '## What\\nA\\n## Why\\n' > ../pull-request.md",
        "under `## Why`",
    ),
]


@needs_a_shell
@pytest.mark.parametrize(("step", "slip", "word"), SLIPS)
def test_a_slip_is_told(home, stages, step, slip, word):
    place = solved_until(home, step, "git", stages)
    typed(place, slip)
    told = CliRunner().invoke(coach_group, ["dojo", "git", "--at", str(home)])
    assert told.exit_code == 3, told.output
    assert f"○ {step}:" in told.output
    assert word in told.output


UNIX_SLIPS = [
    ("where", "cd \"$map/$north\" && echo 'map/north bank' > where.txt", "begin at the root"),
    ("where", 'cd "$map/south" && pwd > "../$north/where.txt"', "does not hold the full path"),
    ("hidden", "echo open > password.txt", "does not hold the password"),
    ("move", 'cp "$moved" "$results/"', "a copy"),
    ("find", 'find "$logs" -type f > logs.txt', "too much: notes.txt"),
    ("find", 'ls "$logs"/*1/*.log > logs.txt', "lacks run 02.log, run 03.log"),
    ("grep", 'grep -rh ERROR "$logs" > errors.txt', "notes.txt"),
    ("pipe", "sort errors.txt | uniq -c > top.txt", "one line"),
    ("columns", "sort -t, -k2 -r scores.csv | head -n 2 > best.txt", "two lines"),
    ("run", "sh run.sh", "permissions"),
    ("streams", "./run.sh > out.txt 2>&1; ./run.sh 2> err.txt", "alone"),
    ("append", "echo first > history.txt; echo second > history.txt", "exactly two"),
    ("environment", "LEARNER=Ada; sh greet.sh > greeting.txt", "your name yet"),
    ("environment", "echo 'echo Hello, Ada' > greet.sh; sh greet.sh > greeting.txt", "was changed"),
    ("remove", 'rm -r "$junk" "$map"', "begins anew"),
]


@needs_a_shell
@pytest.mark.parametrize(("step", "slip", "word"), UNIX_SLIPS)
def test_a_slip_in_the_shell_is_told(home, stages, step, slip, word):
    place = solved_until(home, step, "unix", stages)
    typed(place, slip)
    told = CliRunner().invoke(coach_group, ["dojo", "unix", "--at", str(home)])
    assert told.exit_code == 3, told.output
    assert word in told.output


@needs_a_shell
def test_nothing_of_the_learner_is_touched(home, tmp_path):
    config = (Path(os.environ["HOME"]) / ".gitconfig").read_bytes()
    around = tmp_path / "around"
    subprocess.run(["git", "init", "-q", str(around)], check=True)
    place = git.DOJO.place(around / "dojo", "en")
    done = subprocess.run(["git", "add", "."], cwd=place.root, capture_output=True, check=False)
    assert done.returncode != 0  # before the clone git finds no repository here, not even the one around
    assert b"cd-into-the-clone" in done.stderr
    for command in GIT.values():
        typed(place, command)
        git.DOJO.judge(place)
    assert (Path(os.environ["HOME"]) / ".gitconfig").read_bytes() == config
    assert not subprocess.run(["git", "log"], cwd=around, capture_output=True, check=False).stdout


@needs_a_shell
@pytest.mark.parametrize("status", ["exit 0", "exit 1", "exit 127", "exit 128", "kill -9 $$"])
def test_a_git_that_fails_leaves_no_dojo_and_a_good_one_makes_it_afterwards(home, tmp_path, monkeypatch, status):
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{status}\n")
    fake.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", os.pathsep.join([str(fake.parent), os.environ["PATH"]]))
        with pytest.raises(Trouble, match="git --version"):
            git.DOJO.place(home, "en")
    assert not (home / "git").exists()
    assert now(git.DOJO, git.DOJO.place(home, "en")) == git.DOJO.steps[0].name


def test_a_reset_loses_nothing(home):
    dojo = unix.DOJO
    place = dojo.place(home, "en")
    place.write("mine", "password.txt")
    told = CliRunner().invoke(coach_group, ["dojo", "unix", "--reset", "--at", str(home)])
    assert told.exit_code == 3, told.output
    assert place.read("password.txt") is None
    (aside,) = home.glob("unix-*")
    assert (aside / "password.txt").read_text() == "mine"


def test_a_folder_that_is_not_the_dojo_s_is_left_alone(home):
    (home / "unix").mkdir(parents=True)
    (home / "unix" / "thesis.txt").write_text("mine")
    with pytest.raises(Trouble, match="left alone"):
        unix.DOJO.place(home, "en")
    told = CliRunner().invoke(coach_group, ["dojo", "unix", "--reset", "--at", str(home)])
    assert told.exit_code == 2
    assert [path.name for path in (home / "unix").iterdir()] == ["thesis.txt"]


def test_hints_come_one_at_a_time(home, mini):
    def hints() -> list[str]:
        told = CliRunner().invoke(coach_group, ["dojo", "unix", "--hint", "--at", str(home)]).output
        return [line for line in told.splitlines() if line.startswith("  hint")]

    assert [len(hints()) for _ in range(3)] == [1, 2, 2]


@pytest.mark.parametrize("name", ["git", "unix"])
def test_both_languages_say_the_same(name):
    for step in DOJOS[name].steps:
        for zh, en in (step.task, *step.hints):
            assert sorted(part for part in zh.split("`")[1::2] if "{" in part) == sorted(
                part for part in en.split("`")[1::2] if "{" in part
            ), step.name
            assert any("一" <= sign <= "鿿" for sign in zh)
            assert not any("一" <= sign <= "鿿" for sign in en)
