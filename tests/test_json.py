"""What `--json` prints is what JSON.md says: for editors, which read that and never the text for people."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from minicourse import Mini

from coach.commands.root import coach as coach_group

PAGE = (Path(__file__).parents[1] / "coach" / "commands" / "JSON.md").read_text(encoding="utf-8")
STUB = "raise NotImplementedError"
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def tables(text: str) -> list[dict[str, str]]:
    """The field tables in a part of the page: each field with its type."""
    found = re.findall(r"\| field \|.*\n\|[-|]+\n((?:\|.*\n)+)", text)
    return [dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", table, re.MULTILINE)) for table in found]


PARTS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
SCHEMA = {kind: tables(part)[0] for kind, part in PARTS.items()}
SCHEMA |= dict(zip(("exercise", "answered"), tables(PARTS["lesson"])[1:], strict=True))
SCHEMA |= {"listed": tables(PARTS["contents"])[1], "judged": tables(PARTS["learner"])[1]}
SCHEMA |= {"home": tables(PARTS["row"])[1]}


def holds(value: Any, kind: str) -> bool:
    """Whether a value is of a type as the page writes it."""
    if kind.startswith("list of "):
        return isinstance(value, list) and all(holds(item, kind.removeprefix("list of ")) for item in value)
    if " or " in kind:
        return any(holds(value, one) for one in kind.split(" or "))
    if kind in SCHEMA:
        return value.keys() == SCHEMA[kind].keys() and all(holds(value[k], t) for k, t in SCHEMA[kind].items())
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def read(output: str) -> list[dict[str, Any]]:
    """The objects of an output that has one on each line, each as the page describes it."""
    found = [json.loads(line) for line in output.splitlines()]
    for one in found:
        assert output.isascii() and one["kind"] in PARTS
        assert one.keys() == SCHEMA[one["kind"]].keys(), one["kind"]
        wrong = {key: one[key] for key, kind in SCHEMA[one["kind"]].items() if not holds(one[key], kind)}
        assert not wrong, wrong
    return found


def printed(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    result = CliRunner().invoke(coach_group, [*arguments, "--json"])
    assert result.exit_code == code, result.output
    assert not result.stderr
    return read(result.stdout)


def kinds(found: list[dict[str, Any]]) -> list[str]:
    return [one["kind"] for one in found]


def test_each_kind_has_an_example_that_is_one():
    for kind, part in PARTS.items():
        (example,) = re.findall(r"```json\n(.*)\n```", part)
        data = json.loads(example)
        assert data["kind"] == kind and holds(data, kind), kind


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_check_prints_a_verdict_for_each_test_and_a_summary(mini: Mini, monkeypatch: pytest.MonkeyPatch, lang: str):
    monkeypatch.setenv("COACH_LANG", lang)
    path = mini.begin("part0_numbers", (STUB, "print('对 ✓')\n    return x**2"), lang=lang)
    *verdicts, summary = printed("check", code=1)
    assert kinds(verdicts) == ["verdict"] * 3 and summary == {"kind": "summary", "right": 0, "wrong": 1, "unwritten": 2}
    double = verdicts[0]
    assert double["exercises"] == ["double"] and (double["mark"], double["mistake"]) == ("wrong", "squared")
    assert "对 ✓" in double["output"] and double["path"] == str(path) and double["lesson"] == "part0_numbers"
    assert ("平方" if lang == "zh" else "square") in double["likely"]
    printed_plainly = CliRunner().invoke(coach_group, ["check"]).output
    assert double["text"] in printed_plainly and double["likely"] in double["text"]


def test_a_verdict_on_the_whole_file_names_no_exercise(mini: Mini):
    mini.begin("part0_numbers", (STUB, "return (("))
    verdict, summary = printed("check", code=1)
    assert verdict["exercises"] == [] and verdict["test"] == "" and verdict["line"] and summary["wrong"] == 1


def test_hints_come_with_their_number(mini: Mini):
    assert printed("hint", "double")[0]["number"] == 1
    second = printed("hint", "double")
    assert [(hint["number"], hint["of"], hint["text"]) for hint in second] == [(2, 2, "Second hint: `x + x`.")]
    assert [hint["number"] for hint in printed("hint", "double")] == [1, 2]
    assert [hint["number"] for hint in printed("hint", "double", "--all")] == [1, 2]


def test_a_solution_says_whether_yours_passes(mini: Mini):
    mini.begin("part0_numbers", (STUB, "return 0 * x"))
    (refused,) = printed("solution", "double", code=1)
    assert refused["passes"] is False and refused["diff"] is None and "--reveal" in refused["why"]
    (revealed,) = printed("solution", "double", "--reveal")
    assert revealed["passes"] is None and "+    return 2 * x" in revealed["diff"]
    mini.begin("part0_numbers", (STUB, "return 2 * x"))
    (same,) = printed("solution", "double")
    assert same["passes"] is True and same["diff"] == ""


def test_progress_has_a_line_for_each_lesson_begun(mini: Mini):
    mini.begin("part0_numbers", (STUB, "return x + x"))
    mini.begin("part1_boxes")
    numbers, boxes = printed("progress")
    assert [exercise["mark"] for exercise in numbers["exercises"]] == ["right", "unwritten", "unwritten"]
    assert numbers["minutes_left"] == 20 and numbers["questions"]["open"] == 2 and boxes["day"] == 1
    lines = Path(numbers["path"]).read_text(encoding="utf-8").split("\n")
    assert all(f'"{one["name"]}"' in lines[one["line"] - 1] for one in numbers["exercises"])


def test_questions_come_with_answers_and_marks(mini: Mini):
    first, second = printed("questions", "0")
    assert (first["see"], first["answer"], first["mark"]) == ("total", "Zero.", "") and second["number"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "dubble"],
        ["check", "--foo"],
        ["check"],
        ["check", "2"],
        ["watch", "zzz"],
        ["hint"],
        ["hint", "nothing"],
        ["solution", "double"],
        ["progress"],
        ["questions", "2"],
        ["check", "nowhere.py:3"],
    ],
)
def test_what_goes_wrong_is_an_object_too(mini: Mini, arguments: list[str]):
    (error,) = printed(*arguments, code=2)
    assert error["kind"] == "error" and error["why"]


def test_a_broken_lesson_is_an_object_too(mini: Mini):
    mini.begin("part0_numbers")
    (mini.lesson("part0_numbers").folder / "tests.py").write_text("def (", encoding="utf-8")
    assert printed("check", code=2)[0]["kind"] == "error"


def test_warnings_go_elsewhere(mini: Mini):
    (mini.lesson("part0_numbers").folder.parent / "partx_mine").mkdir()
    (mini.lesson("part0_numbers").folder.parent / "partx_mine" / "solutions.py").write_text("", encoding="utf-8")
    mini.begin("part0_numbers")
    result = CliRunner().invoke(coach_group, ["check", "double", "--json"])
    assert "partx_mine" in result.stderr and kinds(read(result.stdout)) == ["verdict", "summary"]


@pytest.mark.skipif(os.name == "nt", reason="ends it as Unix does")
def test_watch_prints_each_save(mini: Mini):
    path = mini.begin("part0_numbers", (STUB, "return x**2"))
    command = [sys.executable, "-P", "-m", "coach.cli", "watch", "0", "--json"]
    environment = mini.workspace.environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, encoding="utf-8") as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]
        path.write_text(path.read_text(encoding="utf-8").replace("return x**2", "return 2 * x"), encoding="utf-8")
        while '"right"' not in lines[-1]:
            lines.append(process.stdout.readline())
        lines.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        lines += process.stdout.readlines()
    found = read("".join(lines))
    assert kinds(found)[0] == "waiting" and kinds(found)[-1] == "end"
    first = next(one for one in found if one["kind"] == "end")
    assert first["wrong"] == [["double"]] and found[-1]["wrong"] == []
    assert {"begin", "verdict", "end"} <= set(kinds(found))


@pytest.mark.skipif(sys.platform != "linux", reason="asks for a terminal as Linux gives it")
def test_on_a_terminal_it_is_one_object_a_line_too(mini: Mini):
    import pty

    mini.begin("part0_numbers", (STUB, "return 2 * x"))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "coach.cli", "check", "double", "--json"]
    environment = mini.workspace.environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run(command, stdout=theirs, env=environment, check=True)
    os.close(theirs)
    data = b""
    while chunk := read_some(ours):
        data += chunk
    os.close(ours)
    assert kinds(read(data.decode("ascii"))) == ["verdict", "summary"]


def read_some(handle: int) -> bytes:
    try:
        return os.read(handle, 1 << 16)
    except OSError:  # the other side is closed
        return b""


def test_lesson_check(mini: Mini):
    *findings, last = printed("lesson", "check", "part0_words", "--quick", code=1)
    assert set(kinds(findings)) == {"finding"} and last["lessons"] == ["part0_words"]
    assert last["wrong"] == len([one for one in findings if one["mark"] == "wrong"]) > 0


def test_the_steps_of_a_dojo(mini: Mini, tmp_path: Path):
    found = printed("dojo", "unix", "--at", str(tmp_path / "dojo"), code=3)
    assert set(kinds(found)) == {"step"}
    assert [bool(one["missing"]) for one in found] == [True] + [False] * (len(found) - 1)
    again = CliRunner().invoke(coach_group, ["dojo", "unix", "--at", str(tmp_path / "dojo"), "--reset", "--json"])
    assert read(again.stdout) == found and "the folder as it was" in again.stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_contents(mini: Mini, monkeypatch: pytest.MonkeyPatch, lang: str):
    monkeypatch.setenv("COACH_LANG", lang)
    CliRunner().invoke(coach_group, ["start", "1"])
    found = printed("contents")
    assert [one["lesson"] for one in found] == [lesson.name for lesson in mini.workspace.lessons]
    assert [one["begun"] for one in found] == [one["day"] == 1 for one in found]
    for one in found:
        assert one["language"] == (lang if one["begun"] else "")
        assert all(bool(exercise["line"]) == one["begun"] for exercise in one["exercises"])


def test_what_changes_files_says_what_it_did(mini: Mini):
    assert "part1_boxes" in printed("start", "1")[0]["text"]
    path = mini.lesson("part1_boxes").answers
    path.write_text(path.read_text(encoding="utf-8").replace(STUB, "return 0", 1), encoding="utf-8", newline="\n")
    for words in (["reset", "part1_boxes.size"], ["update", "1"], ["language", "zh"], ["undo"]):
        (found,) = printed(*words)
        assert found["kind"] == "said" and found["text"], words


def test_a_question_is_marked_by_its_number(mini: Mini):
    CliRunner().invoke(coach_group, ["start", "0"])
    found = printed("questions", "part0_numbers", "--mark", "1=partly")
    assert [one["mark"] for one in found][0] == "partly"
    for wrong in ("0=yes", "9=yes", "1=maybe", "one", "1"):
        (error,) = printed("questions", "part0_numbers", "--mark", wrong, code=2)
        assert "NUMBER=" in error["why"]
