"""The rooms of coach/ and the walls between them: who may import whom."""

import ast
from pathlib import Path

import pytest

COACH = Path(__file__).resolve().parents[1] / "coach"
ROOMS = ("course", "judging", "running", "answers", "dojo", "rules", "book", "commands")
FOUNDATION = {"words", "state", "files", "where"}  # each room may build on these
ALLOWED = {
    "course": {"course"},
    "judging": {"judging"},
    "running": {"course", "judging", "running"},
    "answers": {"course", "answers"},
    "dojo": {"dojo"},
    "rules": {"course", "judging", "rules"},
    "book": {"course", "figures", "book"},
    "commands": {"course", "judging", "running", "answers", "dojo", "rules", "book", "commands"},
}


def imported(path: Path, *, at_the_top: bool = False) -> set[str]:
    """The modules that a file imports, in full; `at_the_top`: only when it is itself imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_the_top else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def files(room: str) -> list[Path]:
    found = sorted((COACH / room).glob("*.py"))
    assert len(found) > 3
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    for path in files(room):
        for name in imported(path):
            head, _, rest = name.partition(".")
            if head == "coach" and rest:
                assert rest.split(".")[0] in FOUNDATION | ALLOWED[room], f"{path.name} imports {name}"


@pytest.mark.parametrize("name", sorted(FOUNDATION))
def test_the_foundation_imports_no_room(name):
    ours = {found for found in imported(COACH / f"{name}.py") if found.startswith("coach.")}
    assert not [found for found in ours if found.split(".")[1] in ROOMS]


@pytest.mark.parametrize("room", ["course", "judging", "running", "dojo", "rules", "book"])
def test_the_learner_s_process_imports_no_click(room):
    for path in files(room):
        assert not {name.split(".")[0] for name in imported(path)} & {"click", "rich"}, path


@pytest.mark.parametrize("room", ["course", "answers", "dojo", "rules", "book", "commands"])
def test_the_command_line_imports_no_numpy(room):
    for path in files(room):
        assert not {name.split(".")[0] for name in imported(path, at_the_top=True)} & {"numpy", "torch", "beartype"}, (
            path
        )


def test_nothing_imports_in_a_circle():
    paths = {".".join(p.relative_to(COACH.parent).with_suffix("").parts): p for p in COACH.rglob("*.py")}
    above = {name: imported(path, at_the_top=True) & set(paths) - {name} for name, path in paths.items()}
    while leaves := [name for name, needs in above.items() if not needs & set(above)]:
        for name in leaves:
            del above[name]
    assert not above, f"a circle among {sorted(above)}"
