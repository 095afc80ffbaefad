"""A slip in a lesson's markers or text never reaches a learner as a traceback."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from minicourse import Mini

from coach.commands.root import coach as coach_group

MARKERS = {  # what stands on a marker, and what it becomes
    "no difficulty": ("difficulty=1 ", ""),
    "a word for a number": ("difficulty=1 ", "difficulty=hard "),
    "a text for a number": ("difficulty=1 ", 'difficulty="1" '),
    "half a number": ("minutes=5", "minutes=1.5"),
    "no number": ("minutes=5", "minutes=None"),
    "a list": ("minutes=5", "minutes=[5]"),
    "true": ("importance=4", "importance=true"),
    "negative": ("minutes=5", "minutes=-5"),
    "far too much": ("difficulty=1 ", "difficulty=1000000000 "),
    "with a comma": ('exercise="double" ', 'exercise="double", '),
    "an open quote": ('exercise="double"', 'exercise="double'),
    "without quotes": ('exercise="double"', "exercise=double"),
    "a number for a name": ('exercise="double"', "exercise=5"),
    "a list for a name": ('exercise="double"', 'exercise=["double"]'),
    "an empty name": ('exercise="double"', 'exercise=""'),
    "a name twice": ('exercise="total"', 'exercise="double"'),
    "another name": ('exercise="double"', 'exercise="dubble"'),
    "an unknown kind": ('kind="debug"', 'kind="drill"'),
    "a number for a kind": ('kind="debug"', "kind=1"),
    "a text for tags": ('tags=["hint"]', 'tags="hint"'),
    "a number for tags": ('tags=["hint"]', "tags=3"),
    "tags in tags": ('tags=["hint"]', 'tags=[["hint"]]'),
    "numbers in tags": ('tags=["hint"]', "tags=[1]"),
    "open brackets": ('tags=["hint"]', 'tags=["hint"'),
    "unknown tag": ('tags=["hint"]', 'tags=["hnt"]'),
    "no language": ('[markdown] lang="zh"\n# # ', "[markdown]\n# # "),
    "an unknown language": ('lang="zh"', 'lang="fr"'),
    "a number for a language": ('lang="zh"', "lang=1"),
    "a list for a language": ('lang="zh"', 'lang=["zh"]'),
    "an open language": ('lang="en"', 'lang="en'),
    "no see": (' see="total"', ""),
    "a number for see": ('see="total"', "see=1"),
    "an unknown see": ('see="total"', 'see="nowhere"'),
    "an order that is none": ('lang="zh"', 'lang="zh" order=first'),
    "a question in one language": ('[markdown] lang="zh" tags=["question"] see="total"', "[markdown]"),
    "a question in the other": ('[markdown] lang="en" tags=["question"] see="total"', "[markdown]"),
    "no answer": ('tags=["answer"]', ""),
    "two questions": ('tags=["answer"]', 'tags=["question"]'),
    "an answer first": ('lang="zh"\n# # ', 'lang="zh" tags=["answer"]\n# # '),
    "a hint first": ('lang="zh"\n# # ', 'lang="zh" tags=["hint"]\n# # '),
    "no title": ("# # ", "# "),
    "no title in English": ("# # Day 0 · numbers", "# numbers"),
    "an empty title": ("# # Day 0 · numbers", "# #"),
    "no heading": ("# ### Exercise · doubling · 5 min", "# doubling"),
    "a heading without parts": ("# ### Exercise · doubling · 5 min", "# ### doubling"),
    "an empty heading": ("# ### Exercise · doubling · 5 min", "# ### "),
    "an indented marker": ('    """Twice', '    # %% here\n    """Twice'),
    "code for text": ("[markdown] ", ""),
    "no mark": ("# solution", "# the solution"),
    "a syntax error": ("def double(x", "def double x"),
    "no marker at all": ("# %%", "# "),
    "nothing": (r"(?s).*", ""),
    "not UTF-8": ("第一句", "\udcff"),
}
COMMANDS = (["start", "0"], ["hint", "double"], ["hint", "total", "--json"], ["questions", "0"])
COMMANDS = (*COMMANDS, ["questions", "0", "--list"], ["questions", "0", "--json"], ["read", "0"], ["notebook", "0"])
COMMANDS = (*COMMANDS, ["update", "0"], ["reset", "double"], ["solution", "double", "--reveal"], [])
JUDGING = (["check", "0"], ["progress"], ["progress", "--json"])


def spoil(mini: Mini, slip: str) -> Path:
    """Makes the slip everywhere in the lesson."""
    old, new = MARKERS[slip]
    path = mini.lesson("part0_numbers").solutions
    text = path.read_text(encoding="utf-8")
    spoilt = re.sub(old, new, text) if old.startswith("(?") else text.replace(old, new)
    assert spoilt != text
    path.write_bytes(spoilt.encode("utf-8", "surrogateescape"))
    return path


def calmly(*arguments: str) -> str:
    """What the command says; it ends by itself and not in an error of ours."""
    result = CliRunner().invoke(coach_group, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in (0, 1, 2, 3) and "Traceback" not in result.output, result.output
    return result.output


@pytest.mark.parametrize("slip", MARKERS)
@pytest.mark.parametrize("begun", [False, True])
def test_no_slip_is_a_traceback(mini: Mini, slip: str, begun: bool):
    mini.begin("part0_words")
    if begun:
        mini.begin("part0_numbers", ("raise NotImplementedError", "return x + x"))
    spoil(mini, slip)
    for lang in ("zh", "en"):
        for command in COMMANDS:
            calmly(*command, *(["--lang", lang] if command == [] or command[0] == "start" else []))


@pytest.mark.parametrize("slip", ["no difficulty", "with a comma", "a text for tags", "no answer", "not UTF-8"])
def test_no_slip_is_a_traceback_of_what_judges(mini: Mini, slip: str):
    mini.begin("part0_numbers", ("raise NotImplementedError", "return x + x"))
    spoil(mini, slip)
    for command in JUDGING:
        calmly(*command)


def test_the_fault_is_named_with_its_place(mini: Mini):
    path = spoil(mini, "a text for tags")
    line = next(i for i, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1) if 'tags="hint"' in text)
    assert f"{path}: line {line}: this marker can't be read" in calmly("start", "0")


def test_the_exercise_with_the_fault_is_named(mini: Mini):
    path = spoil(mini, "far too much")
    assert f"{path}: the marker of the exercise double lacks difficulty=<a number from 1 to 5>" in calmly("start", "0")
