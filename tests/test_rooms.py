"""The rooms of coach/ and the walls between them: who may import whom."""

from pathlib import Path

import pytest

from coach.course.imports import imports

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


def files(room: str) -> list[Path]:
    found = sorted((COACH / room).glob("*.py"))
    assert len(found) > 3
    return found


IMPORTS = """\
from . import near
from .near import one
from .. import words
from ..far.deep import two
from coach.files import three
import far.away

def later():
    from .late import four
"""


def test_every_form_of_an_import_is_seen(tmp_path):
    for name in ("coach/__init__.py", "coach/room/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (path := tmp_path / "coach/room/file.py").write_text(IMPORTS, encoding="utf-8")
    top = {
        "coach.room", "coach.room.near", "coach.room.near.one", "coach", "coach.words", "coach.far.deep",
        "coach.far.deep.two", "coach.files", "coach.files.three", "far.away",
    }  # fmt: skip
    assert imports(path, at_the_top=True).keys() == top
    assert imports(path).keys() == top | {"coach.room.late", "coach.room.late.four"}
    assert imports(path)["coach.room.late"] == 9
    outside = tmp_path / "file.py"  # a folder that is no package: its name stands for it
    outside.write_text("from . import solutions\n", encoding="utf-8")
    assert f"{tmp_path.name}.solutions" in imports(outside)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    for path in files(room):
        for name in imports(path):
            head, _, rest = name.partition(".")
            if head == "coach" and rest:
                assert rest.split(".")[0] in FOUNDATION | ALLOWED[room], f"{path.name} imports {name}"


@pytest.mark.parametrize("name", sorted(FOUNDATION))
def test_the_foundation_imports_no_room(name):
    ours = {found for found in imports(COACH / f"{name}.py") if found.startswith("coach.")}
    assert not [found for found in ours if found.split(".")[1] in ROOMS]


@pytest.mark.parametrize("room", ["course", "judging", "running", "dojo", "rules", "book"])
def test_the_learner_s_process_imports_no_click(room):
    for path in files(room):
        assert not {name.split(".")[0] for name in imports(path)} & {"click", "rich"}, path


@pytest.mark.parametrize("room", ["course", "answers", "dojo", "rules", "book", "commands"])
def test_the_command_line_imports_no_numpy(room):
    for path in files(room):
        assert not {name.split(".")[0] for name in imports(path, at_the_top=True)} & {"numpy", "torch", "beartype"}, (
            path
        )


def test_nothing_imports_in_a_circle():
    paths = {".".join(p.relative_to(COACH.parent).with_suffix("").parts): p for p in COACH.rglob("*.py")}
    above = {name: imports(path, at_the_top=True).keys() & set(paths) - {name} for name, path in paths.items()}
    while leaves := [name for name, needs in above.items() if not needs & set(above)]:
        for name in leaves:
            del above[name]
    assert not above, f"a circle among {sorted(above)}"
