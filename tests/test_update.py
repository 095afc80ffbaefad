"""An update, cell by cell: many kinds of change to a lesson, each met by many states of a learner's file."""

import ast
import builtins
import random
import re
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from coach.answers import names as names_in
from coach.answers import update
from coach.answers.update import Merged, update_of
from coach.course.place import definitions

MAIN = '\n\nif __name__ == "__main__":\n    '
CELLS = {
    "head": '# %% [markdown] lang="en"\n# # Day 0 · numbers\n#\n# The first sentence of it all.\n# And a second one.\n',
    "imports": "# %%\nimport math\nimport itertools as it\nfrom statistics import fmean\n\nfrom part0_x import tests\n",
    "about double": '# %% [markdown] lang="en"\n# ### Exercise · doubling · 5 min\n#\n# Return it twice over.\n# Half of it is given.\n',
    "double": '# %% exercise="double" difficulty=1 minutes=5\ndef double(x: float) -> float:\n    """Twice `x`."""\n    raise NotImplementedError\n'
    + MAIN
    + "tests.test_double(double)\n",
    "about total": '# %% [markdown] lang="en"\n# ### Exercise · a sum · 10 min\n#\n# Add them all up.\n',
    "total": '# %% exercise="total" difficulty=2 minutes=10\ndef total(values: list[float]) -> float:\n    """The sum of `values`."""\n    raise NotImplementedError\n'
    + MAIN
    + "tests.test_total(total)\n",
    "demo": '# %%\nif __name__ == "__main__":\n    print(double(3.0))\n    print(total([1.0, 2.0]))\n',
    "about helper": '# %% [markdown] lang="en"\n# A helper is given: it scales a number by a factor.\n',
    "helper": '# %%\ndef scaled(x: float, factor: float) -> float:\n    """`x` times `factor`."""\n    return x * factor\n',
    "about mean": '# %% [markdown] lang="en"\n# ### Exercise · mend the mean · 10 min\n',
    "mean": '# %% exercise="mean" kind="debug" difficulty=2 minutes=10\ndef mean(values: list[float]) -> float:\n    """The mean of `values`."""\n    result = 0.0\n    for value in values:\n        result = value\n    return result / len(values)\n'
    + MAIN
    + "tests.test_mean(mean)\n",
    "question": '# %% [markdown] lang="en" tags=["question"]\n# What is the mean of an empty list?\n',
    "EDGES": '# %% exercise="EDGES" difficulty=1 minutes=1\n# How many edges has a box?\nEDGES = 0\n'
    + MAIN
    + "tests.test_edges(EDGES)\n",
    "end": '# %% [markdown] lang="en"\n# That is all for this day.\n',
}
RIGHT: dict[str, Callable[[object], bool]] = {
    "double": lambda double: double(3.0) == 6.0,  # type: ignore[operator]
    "total": lambda total: total([1.0, 2.0, 4.5]) == 7.5,  # type: ignore[operator]
    "mean": lambda mean: mean([1.0, 2.0, 6.0]) == 3.0,  # type: ignore[operator]
    "EDGES": lambda edges: edges == 12,
}
STUB = "    raise NotImplementedError\n"


def text_of(cells: dict[str, str]) -> str:
    return "\n".join(cells.values())


BASE = text_of(CELLS)


def new_exercise(name: str) -> str:
    return CELLS["double"].replace("double", name).replace("Twice", f"What {name} says of")


# what a lesson may become


def changed(*changes: tuple[str, str]) -> str:
    text = BASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def ordered(*names: str, **more: str) -> str:
    """The cells of these names in this order; `more` are cells of other texts."""
    return text_of({name: (CELLS | more)[name] for name in names})


def without(*names: str) -> str:
    return text_of({name: cell for name, cell in CELLS.items() if name not in names})


def placed(new: dict[str, str], after: str) -> str:
    """The lesson with new cells after one of its own ("": before all)."""
    cells = {} if after else dict(new)
    for name, cell in CELLS.items():
        cells[name] = cell
        if name == after:
            cells |= new
    return text_of(cells)


def moved(names: list[str], after: str) -> str:
    order = [name for name in CELLS if name not in names]
    at = order.index(after) + 1 if after else 0
    return ordered(*order[:at], *names, *order[at:])


NAMES = list(CELLS)
SPLIT = CELLS["double"].replace(
    '"""Twice `x`."""\n    raise NotImplementedError', '"""Twice `x`."""\n    return halves(x) * 4'
)
GIVEN = (
    CELLS["total"]
    .replace('# %% exercise="total" difficulty=2 minutes=10', "# %%")
    .replace(STUB, "    return sum(values)\n")
)
CHANGES = {
    "prose changed": changed(("The first sentence", "A better sentence")),
    "prose rewritten": changed(("# Return it twice over.\n# Half of it is given.\n", "# Quite another statement of one line.\n")),
    "prose deleted": without("about helper", "question"),
    "prose put first": placed({"a": '# %% [markdown] lang="en"\n# Read this before anything else.\n'}, ""),
    "prose put in": placed({"a": '# %% [markdown] lang="en"\n# A word between the two of them.\n'}, "double"),
    "prose put last": placed({"a": '# %% [markdown] lang="en"\n# One thing more to say.\n'}, "end"),
    "prose moved": moved(["about helper"], "mean"),
    "prose split": changed(("# And a second one.\n", '\n# %% [markdown] lang="en"\n# And a second one.\n')),
    "prose joined": changed(("\n# %% [markdown] lang=\"en\"\n# ### Exercise · mend", "# ### Exercise · mend")),
    "docstring changed": changed(("The sum of `values`", "What `values` add up to")),
    "argument renamed": changed(("total(values", "total(numbers"), ("sum of `values`", "sum of `numbers`")),
    "argument renamed everywhere": changed(("values", "numbers")),
    "argument added": changed(("double(x: float)", "double(x: float, times: int = 2)")),
    "argument removed": changed(("scaled(x: float, factor: float)", "scaled(x: float)"), ("x * factor", "x * 3.0"), ("`factor`", "three")),
    "annotation changed": changed(("(x: float) -> float", "(x: complex) -> complex")),
    "exercise new": placed({"a": CELLS["about double"].replace("doubling", "thrice"), "b": new_exercise("triple")}, "double"),
    "exercise new at the start": placed({"b": new_exercise("triple")}, "imports"),
    "exercise new at the end": placed({"b": new_exercise("triple")}, "end"),
    "two exercises new": placed({"b": new_exercise("triple"), "c": new_exercise("fourfold")}, "mean"),
    "exercise gone": without("total", "about total").replace("    print(total([1.0, 2.0]))\n", ""),
    "exercise moved down": moved(["about double", "double"], "mean"),
    "exercise moved up": moved(["about mean", "mean"], "imports"),
    "exercise moved without its text": moved(["double"], "EDGES"),
    "exercises swapped": moved(["about double", "double"], "total"),
    "everything turned round": ordered("head", "imports", *NAMES[:1:-1]),
    "exercise renamed": changed(("double", "twice")),
    "exercise renamed, its text too": changed(("double", "twice"), ("Return it twice over.", "Say it another time.")),
    "exercise renamed and moved": moved(["about double", "double"], "mean").replace("double", "twice"),
    "exercise split": text_of({**CELLS, "double": SPLIT + "\n" + new_exercise("halves")}),
    "exercise split in its cell": changed(("def double", "def halves(x: float) -> float:\n    raise NotImplementedError\n\n\ndef double")),
    "exercises joined": text_of({name: cell + "\n\n" + CELLS["total"].partition("\n")[2] if name == "double" else cell for name, cell in CELLS.items() if name not in ("total", "about total")}),
    "numbers changed": changed(("minutes=10", "minutes=15 importance=2")),
    "test called otherwise": changed(("tests.test_double(double)", "tests.test_double(double, 3)")),
    "helper renamed": changed(("scaled", "stretched")),
    "helper moved": moved(["about helper", "helper"], "imports"),
    "helper becomes an exercise": changed(('# %%\ndef scaled', '# %% exercise="scaled" minutes=5\ndef scaled'), ("    return x * factor\n", STUB)),
    "exercise becomes given": text_of({**CELLS, "total": GIVEN}),
    "import put in": changed(("import math\n", "import math\nimport operator\n")),
    "import renamed": changed(("itertools as it", "itertools")),
    "import gone": changed(("from statistics import fmean\n", "")),
    "demo changed": changed(("print(double(3.0))", "print(double(4.0), math.pi)")),
    "demo gone": without("demo"),
    "another lesson": text_of({"head": CELLS["head"], "imports": CELLS["imports"], "a": new_exercise("triple"), "b": new_exercise("fourfold")}),
}  # fmt: skip


# what a learner may have made of it


WRITTEN = [
    ('"""Twice `x`."""\n    raise NotImplementedError', '"""Twice `x`."""\n    return x + x  # mine'),
    ('"""The sum of `values`."""\n    raise NotImplementedError', '"""The sum of `values`."""\n    found = 0.0\n    for value in values:\n        found += value\n    return found'),
    ("        result = value\n", "        result += value  # mine\n"),
    ("EDGES = 0", "EDGES = 12"),
]  # fmt: skip
SOLVED = changed(*WRITTEN)
COPY = (
    "# %%\n# my copy\n"
    + CELLS["double"].partition("\n")[2].replace(STUB, "    return 2 * x\n").partition(MAIN)[0]
    + "\n"
)
HELPED = changed(
    ("def double", "def my_half(x):\n    return x / 2\n\n\ndef double"),
    ('"""Twice `x`."""\n    raise NotImplementedError', '"""Twice `x`."""\n    return my_half(x) * 4'),
)
STATES = {
    "untouched": BASE,
    "written": SOLVED,
    "one written": changed(WRITTEN[0]),
    "own cells": SOLVED.replace(CELLS["end"], "# %%\nmine = [scaled(1.0, 2.0), fmean([1.0])]\npairs = list(it.pairwise(mine))\n\n" + CELLS["end"]),
    "own calls": BASE.replace(CELLS["end"], "# %% my own\ndef mine(y):\n    return double(y) + total([y]) + scaled(y, 2.0)\n\n" + CELLS["end"]),
    "recursive": changed(('"""Twice `x`."""\n    raise NotImplementedError', '"""Twice `x`."""\n    return 2 + double(x - 1) if x > 0 else 0.0')),
    "helper in the cell": HELPED,
    "own imports": SOLVED.replace("import math\n", "import math\nimport random\n"),
    "prose deleted": "\n".join(cell for cell in CELLS.values() if "[markdown]" not in cell).replace(STUB, "    return x + x\n", 1),
    "markers deleted": "\n".join(line for line in SOLVED.split("\n") if not line.startswith("# %%")),
    "one marker deleted": SOLVED.replace('# %% exercise="total" difficulty=2 minutes=10\n', ""),
    "reordered": text_of({name: CELLS[name] for name in [*NAMES[:2], *NAMES[8:11], *NAMES[2:8], *NAMES[11:]]}).replace(STUB, "    return x + x\n", 1),
    "a copy below": BASE.replace(CELLS["end"], COPY + "\n" + CELLS["end"]),
    "a cell cut in two": SOLVED.replace("\ndef total", "\n# about to write\n\n# %%\ndef total"),
    "an exercise deleted": without("total").replace("    print(total([1.0, 2.0]))\n", ""),
    "no Python": SOLVED.replace("return x + x", "return ((x + x").replace("EDGES = 12", "EDGES = = 12"),
    "prose written over": SOLVED.replace("# Add them all up.", "# My notes on this.").replace("The first sentence of it all.", "My summary."),
    "CRLF": SOLVED.replace("\n", "\r\n"),
    "no last newline": SOLVED.rstrip("\n"),
    "an own triple": SOLVED + "\n# %%\ndef triple(x):\n    return 3 * x\n",
    "empty": "",
}  # fmt: skip


def given(node: ast.AST) -> Iterator[str]:
    yield from names_in.given(node)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
        yield node.id


def undefined(text: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(text)))
    known = {name for node in nodes for name in given(node)} | set(dir(builtins)) | {"__name__"}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - known


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def right(text: str) -> set[str]:
    """The exercises that the file solves."""
    values: dict[str, object] = {"__name__": "answers"}
    exec(compile(text, "answers.py", "exec"), values)
    found = set()
    for name, is_right in RIGHT.items():
        try:
            if is_right(values[name]):
                found.add(name)
        except (KeyError, NotImplementedError, NameError, UnboundLocalError, TypeError, RecursionError):
            continue
    return found


def lines_of(text: str) -> Counter[str]:
    return Counter(line.rstrip() for line in text.replace("\r\n", "\n").split("\n") if line.strip())


def exercises(text: str) -> list[str]:
    return [cell.marked for cell in update.cells_in(text) if cell.marked]


def names(text: str) -> Counter[str]:
    return Counter(found.name for found in definitions(text) if found.name)


@pytest.fixture(autouse=True)
def tests_of_the_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    package = types.ModuleType("part0_x")
    package.tests = types.ModuleType("part0_x.tests")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "part0_x", package)


def check(ours: str, base: str, theirs: str, *, again: bool = True) -> Merged:
    """An update, of which all holds that must hold of each; `again`: run again with its old base it does nothing more."""
    done = update_of(ours, base, theirs)
    after = done.text
    assert not lines_of(ours) - lines_of(base) - lines_of(after), "a line of the learner's is lost"
    told = lines_of(after) + sum((lines_of(one.lesson) for one in done.skipped), Counter())
    assert not set(lines_of(theirs) - lines_of(base)) - set(told), "something new was neither brought in nor told"
    assert update_of(after, theirs, theirs) == Merged(after), "it is not done once and for all"
    if again:
        assert update_of(after, base, theirs).text == after, "run again with its old base it does more"
    for count in (names, lambda text: Counter(exercises(text))):
        for name, times in count(after).items():
            assert times <= max(1, count(ours)[name], count(theirs)[name]), f"{name} stands {times} times"
    for name in set(exercises(theirs)) - set(exercises(base)):
        renamed = any(
            one.why in (update.DELETED, update.BREAKS) and f"def {name}(" in one.lesson for one in done.skipped
        )
        assert name in exercises(after) or name in names(ours) or (renamed and name == "twice"), (
            f"{name} did not come in"
        )
    if parses(ours):
        assert parses(after)
        assert undefined(after) <= undefined(ours) | undefined(theirs) or not ours, "a name isn't defined any more"
        still = {name for name in right(ours) if name in names(after)}
        assert still <= right(after), f"{still - right(after)} were right before"
        kept = {name for name in right(ours) - set(names(after))}
        assert kept <= {old for old, _ in done.renamed} or ours == base
    if ours == base:
        assert after == theirs and not done.skipped
    assert all(1 <= one.line <= after.count("\n") + 1 for one in done.skipped)
    return done


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("change", CHANGES)
def test_an_update_loses_nothing_and_breaks_nothing(change: str, state: str):
    check(STATES[state], BASE, CHANGES[change], again=state not in ("reordered", "markers deleted"))


def random_lesson(dice: random.Random) -> str:
    """The lesson after a few changes, one upon the other."""
    cells = dict(CELLS)
    for number in range(dice.randint(1, 4)):
        kind, some = (
            dice.choice(["move", "move", "drop", "new", "rename", "argument", "text"]),
            dice.choice([*cells][2:]),
        )
        if kind in ("move", "new"):
            new = (f"new_{number}", new_exercise(f"new_{number}")) if kind == "new" else (some, cells.pop(some))
            order = list(cells.items())
            order.insert(dice.randint(2, len(order)), new)
            cells = dict(order)
        elif kind == "drop":
            del cells[some]
        else:
            word = {"rename": dice.choice(["double", "total", "scaled"]), "argument": "values", "text": "of"}[kind]
            pattern = rf"(?<![a-z])(test_)?{word}(?![a-z])"
            cells = {name: re.sub(pattern, rf"\g<1>{word}_again", cell) for name, cell in cells.items()}
    return text_of(cells)


def random_file(dice: random.Random) -> str:
    """A learner's file after some work."""
    text = BASE
    for change in WRITTEN:
        text = text.replace(*change, 1) if dice.random() < 0.6 else text
    cells = text.split("\n# %%")
    for number in range(dice.randint(0, 4)):
        kind, at = dice.choice(["own", "use", "drop", "move", "note"]), dice.randrange(2, len(cells))
        if kind == "own":
            cells.insert(at, f"\nmine_{number} = 1\n")
        elif kind == "use":
            call = dice.choice(["double(y)", "total([y])", "scaled(y, factor=2.0)", "mean([y])"])
            cells.append(f"\ndef use_{number}(y):\n    return {call}\n")
        elif kind == "note":
            cells[at] += f"\n# note {number}\n"
        elif kind == "move" or "[markdown]" in cells[at].partition("\n")[0]:
            cell = cells.pop(at)
            cells[2:2] = [cell] * (kind == "move")
    return "\n# %%".join(cells)


@pytest.mark.parametrize("seed", range(60))
def test_of_many_changes_at_once_the_same_holds(seed: int):
    dice = random.Random(seed)
    theirs = random_lesson(dice)
    check(random_file(dice), BASE, theirs, again=False)


# what is told


def told(change: str, state: str) -> tuple[Merged, list[tuple[str, tuple[str, ...]]]]:
    done = update_of(STATES[state], BASE, CHANGES[change])
    return done, [(one.why, one.names) for one in done.skipped]


def test_a_new_exercise_comes_in_at_its_place_even_between_deleted_prose():
    done, left_out = told("exercise new", "prose deleted")
    assert done.new == ["triple"] and not left_out
    assert exercises(done.text) == ["double", "triple", "total", "mean", "EDGES"]


def test_a_moved_exercise_stands_once_with_what_was_written():
    for change in ("exercise moved down", "exercise moved up", "exercises swapped", "everything turned round"):
        done, left_out = told(change, "written")
        assert exercises(done.text) == exercises(CHANGES[change]) and not left_out
        assert right(done.text) == set(RIGHT)


def test_a_renamed_exercise_is_renamed_with_its_answer_unless_that_breaks_something():
    for change in ("exercise renamed", "exercise renamed and moved"):
        done, left_out = told(change, "written")
        assert done.renamed == [("double", "twice")] and not left_out and "return x + x  # mine" in done.text
        done, left_out = told(change, "recursive")
        assert left_out == [("renamed", ("double", "twice"))] and {"double", "twice"} <= set(exercises(done.text))
        done, left_out = told(change, "own calls")
        assert ("renamed", ("double", "twice")) in left_out and {"double", "twice"} <= set(exercises(done.text))


def test_a_renamed_argument_is_left_out_of_a_finished_answer_and_told():
    done, left_out = told("argument renamed", "written")
    assert left_out == [("breaks", ("values",))] and "def total(values" in done.text
    assert "def total(numbers" in done.skipped[0].lesson
    done, left_out = told("argument renamed", "one written")
    assert not left_out and "def total(numbers" in done.text, "an untouched stub takes it"


def test_split_and_joined_exercises_keep_their_answers():
    done, left_out = told("exercises joined", "written")
    assert names(done.text)["total"] == 1 and right(done.text) == set(RIGHT)
    done, left_out = told("exercise split", "written")
    assert done.new == ["halves"] and right(done.text) == set(RIGHT)


def test_what_the_lesson_drops_goes_only_if_it_is_untouched():
    done, left_out = told("exercise gone", "one written")
    assert done.dropped == ["total"] and not left_out and "total" not in exercises(done.text)
    done, left_out = told("exercise gone", "written")
    assert not done.dropped and ("gone", ()) in left_out and "total" in right(done.text)


def test_what_the_learner_deleted_stays_out_and_is_told():
    done, left_out = told("docstring changed", "an exercise deleted")
    assert left_out == [("deleted", ())] and "total" not in exercises(done.text)


def test_an_own_definition_is_not_hidden_by_a_new_stub():
    done, left_out = told("exercise new", "an own triple")
    assert left_out == [("defined", ("triple",))] and names(done.text)["triple"] == 1
    assert done.text.split("\n")[done.skipped[0].line - 1] == "def triple(x):"


def test_an_import_finds_room_beside_the_learner_s_own():
    done, left_out = told("import put in", "own imports")
    assert not left_out and "import operator\n" in done.text and "import random\n" in done.text
    done, left_out = told("import renamed", "own cells")
    assert "import itertools as it\n" in done.text and "import itertools\n" in done.text
