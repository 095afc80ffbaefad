"""The course's own extension in a real VS Code: it shows what `coach` says, beside the learner's file."""

import http.server
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .checkout import Copy, copy_to
from .test_real_editor import MODULES, chromium, node, vscode
from .vscode import REPOSITORY, Window

EXTENSION = REPOSITORY / ".vscode" / "extensions" / "course"
HERE = Path(__file__).parent
WRONG = "return torch.zeros(num_pixels, 2, 3)"
RIGHT = (
    "rays = torch.zeros(num_pixels, 2, 3)\n    rays[:, 1, 0] = 1\n"
    "    rays[:, 1, 1] = torch.linspace(-y_limit, y_limit, num_pixels)\n    return rays"
)
in_the_editor = [pytest.mark.slow, pytest.mark.thorough]


# without an editor: the manifest, and the reader of cells


def manifest() -> dict[str, Any]:
    return json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))


def sources() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in EXTENSION.glob("*.js")}


def test_what_the_manifest_names_is_there():
    found = manifest()
    commands = {one["command"] for one in found["contributes"]["commands"]}
    registered = set(re.findall(r"(?:onExercise|onFile|command)\('(\w+)'", sources()["extension.js"]))
    assert commands == {f"course.{name}" for name in registered}
    used = [one["command"] for one in found["contributes"]["keybindings"]]
    used += [one["command"] for places in found["contributes"]["menus"].values() for one in places]
    assert set(used) <= commands
    (walkthrough,) = found["contributes"]["walkthroughs"]
    for step in walkthrough["steps"]:
        assert (EXTENSION / step["media"]["markdown"]).is_file()
    assert (EXTENSION / found["main"]).is_file()
    assert found["capabilities"]["untrustedWorkspaces"]["supported"] is False
    assert "dependencies" not in found and "devDependencies" not in found


def test_it_is_offered_and_everything_is_said_in_both_languages():
    found = manifest()
    assert f"{found['publisher']}.{found['name']}" in Window(REPOSITORY).read("extensions")["recommendations"]
    for one in found["contributes"]["commands"]:
        if one["command"] != "course.goTo":
            assert re.search("[a-z]", one["title"]) and re.search("[一-鿿]", one["title"]), one
    for text in re.findall(r"say\('([^']*)', (?:'|\")", sources()["extension.js"]):
        assert re.search("[一-鿿]", text), text


def test_no_key_is_one_that_an_input_method_takes():
    for one in manifest()["contributes"]["keybindings"]:
        assert one["key"] not in {"ctrl+space", "ctrl+shift+f", "ctrl+.", "shift+space"}
        assert "answers.py" in one["when"]


def test_it_asks_nobody_but_coach():
    for name, text in sources().items():
        modules = set(re.findall(r"require\('([^']+)'\)", text))
        assert modules <= {
            "vscode",
            "child_process",
            "fs",
            "path",
            "./cells",
            "./coach",
            "./marks",
            "./pane",
            "./tree",
        }, name
        assert "http" not in text.replace("http://www.w3.org/2000/svg", ""), name


SCRIPT = """# %% [markdown] lang="en"
# # Day 1
#
# Above.
# %%
import torch

# %% [markdown] lang="en"
# ### Exercise · one · 5 min
# Text with $x$.
# %% exercise="one" difficulty=1
def helper():
    pass


def one(x):
    raise NotImplementedError


# %% [markdown] lang="en" tags=["question"]
# Why?
# %% exercise="Two"
class Two:
    text = '''
# %%time is no cell
'''
"""


def asked(expression: str) -> Any:
    """What cells.js gives for `expression`, in which `text` is SCRIPT."""
    code = f"const c = require({json.dumps(str(EXTENSION / 'cells.js'))}); const text = {json.dumps(SCRIPT)};"
    done = subprocess.run(
        [node(), "-e", f"{code} console.log(JSON.stringify({expression}))"], capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_cells_are_read_as_coach_reads_them():
    lines = SCRIPT.split("\n")
    found = asked("c.exercises(text).map(e => [e.name, e.line])")
    assert found == [["one", lines.index("def one(x):")], ["Two", lines.index("class Two:")]]
    where = asked("text.split('\\n').map((_, i) => c.exerciseAt(text, i))")
    assert where[lines.index("# Text with $x$.")] == "one"
    assert where[lines.index("# Why?")] == "one"  # a question belongs to the exercise above it
    assert where[lines.index("    text = '''")] == "Two"
    assert where[0] == "one"
    assert asked("c.proseAt(text, 8)") == "### Exercise · one · 5 min\nText with $x$."
    assert asked("c.proseAt(text, 12)") == "### Exercise · one · 5 min\nText with $x$."
    assert asked("c.language(text)") == "en"
    assert asked("c.language('')") == ""


@pytest.mark.parametrize("name", sorted(sources()))
def test_the_sources_are_javascript(name):
    subprocess.run([node(), "--check", EXTENSION / name], check=True)


# in the editor


def visited(
    folder: Path, drive: str, *, extension: Path | None, lang: str = "en", seconds: float = 580, **more: str
) -> dict[str, Any]:
    """What that drive saw in a VS Code with a copy of the workspace, made in `folder`, and with that extension installed.

    `lang` is the learner's language, as `coach` knows it.
    """
    if not (MODULES / "code-server").is_dir():
        pytest.skip("needs code-server, which .ci/editor installs where there is npm")
    copy = Copy(copy_to(folder / "工作区 of mine"))
    copy.answers.write_text(copy.lesson.view(lang), encoding="utf-8", newline="\n")
    home = Path(tempfile.mkdtemp(prefix="vscode-"))
    shots = Path(os.environ.get("EDITOR_SHOTS") or home)
    shots.mkdir(parents=True, exist_ok=True)
    if extension:
        shutil.copytree(extension, home / "extensions" / "deep-learning-fundamentals.course-0.1.0")
    answers = copy.answers.relative_to(copy.root).as_posix()
    ours = {"PROOF_CHROMIUM": chromium(), "PROOF_SHOTS": str(shots), "PROOF_ANSWERS": answers, **more}
    try:
        with gallery() as address, vscode(copy, home, **({} if extension else address), COACH_LANG=lang) as proof:
            done = subprocess.run(
                [node(), HERE / drive], env={**os.environ, **proof, **ours}, capture_output=True,
                encoding="utf-8", timeout=seconds, check=True,
            )  # fmt: skip
        found = json.loads(done.stdout)
        assert "error" not in found, json.dumps(found, indent=1, ensure_ascii=False)
        return found | {"copy": copy}
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def gallery() -> Iterator[dict[str, str]]:
    """An empty gallery of extensions: an editor that finds none at all offers nothing, not even the workspace's own."""
    count = {"metadataType": "ResultCount", "metadataItems": [{"name": "TotalCount", "count": 0}]}
    nothing = json.dumps({"results": [{"extensions": [], "pagingToken": None, "resultMetadata": [count]}]}).encode()

    class Empty(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(200)
            for name in ("origin", "headers", "methods"):
                self.send_header(f"access-control-allow-{name}", "*")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(nothing)))
            self.end_headers()
            self.wfile.write(nothing)

        do_GET = do_POST = do_OPTIONS = answer

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        addresses = {"serviceUrl": url, "itemUrl": f"{url}/items", "resourceUrlTemplate": f"{url}/{{path}}"}
        try:
            yield {"EXTENSIONS_GALLERY": json.dumps(addresses)}
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One visit, with the extension installed: all that `course.mjs` saw."""
    folder = tmp_path_factory.mktemp("editor")
    found = visited(folder, "course.mjs", extension=EXTENSION, PROOF_WRONG=WRONG, PROOF_RIGHT=RIGHT)
    assert not found["failed"], json.dumps(found, indent=1, ensure_ascii=False, default=str)
    return found


def editor(test: Any) -> Any:
    for mark in in_the_editor:
        test = mark(test)
    return test


@editor
def test_above_each_exercise_stand_its_four_lenses(seen):
    assert [title for _, title in seen["lenses"]] == ["○ check", "hint", "solution", "reset"]
    assert [title for _, title in seen["lensesZh"]] == ["✓ 检查", "提示", "对照解答", "恢复"]


@editor
def test_a_save_marks_a_wrong_answer_at_its_line_and_takes_the_mark_away(seen):
    line, name, message = seen["mark"]
    text = seen["copy"].answers.read_text(encoding="utf-8").splitlines()
    assert name == "make_rays_1d" and message.startswith("make_rays_1d: ")
    assert text[line - 1].startswith("def make_rays_1d") or "zeros" in text[line - 1]
    assert seen["lensWrong"][1] == "✗ check" and seen["lensRight"][1] == "✓ check"
    assert any("expected" in part for part in seen["hover"])
    assert any("✓ 1 / " in part for part in seen["status"])
    print(f"save to mark: median {statistics.median(seen['times'])} ms of {sorted(seen['times'])}")


@editor
def test_a_click_checks_and_shows_the_solution_after_a_question(seen):
    assert seen["checked"][1] == "make_rays_1d" and seen["saved"] is True
    assert re.search(r"^\+.*linspace", seen["diff"], re.MULTILINE) and re.search(
        r"^-.*zeros", seen["diff"], re.MULTILINE
    )


@editor
def test_the_lesson_is_beside_the_code_typeset_and_follows(seen):
    assert seen["formulas"] > 0
    assert seen["followed"] != seen["paneText"]


@editor
def test_hints_and_questions_come_in_the_pane(seen):
    assert "Hint 1 of" in seen["hint"][0]
    assert seen["folded"] is True and len(seen["answer"]) > 40 and seen["questionMarked"]


@editor
def test_reset_asks_and_undo_brings_it_back(seen):
    assert seen["reset"] and seen["undone"]
    assert re.match(r"(def|class) ", seen["next"])


@editor
def test_a_lesson_is_begun_from_the_tree(seen):
    assert seen["begun"].endswith("part2_strides/answers.py")
    assert (seen["copy"].root / "chapter0_fundamentals/exercises/part2_strides/answers.py").is_file()


@editor
def test_the_language_changes_and_the_code_stays(seen):
    assert seen["code"] is True


@editor
def test_it_is_offered_and_one_click_installs_it(tmp_path):
    found = visited(tmp_path, "offered.mjs", extension=None)
    assert "Deep learning fundamentals" in found["row"] and "Workspace" in found["row"]
    assert found["installed"] is True
    assert "Deep learning fundamentals" in found["asked"], "VS Code asks by itself"


# Each proof is seen to fail: the extension with all of this broken, and what then fails, step by step.
BROKEN = [
    ("marks.js", "['hint', 'solution', 'reset'].map", "['solution', 'hint', 'reset'].map"),
    ("marks.js", "(verdict.line || 1) - 1)", "(verdict.line || 1) + 9)"),
    ("extension.js", "if (open.isDirty) await open.save();", ""),
    ("extension.js", "if (found.diff === null) {", "if (false) {"),
    ("pane.js", "if (!isAnswers(document)) return;\n    if (event", "return;\n    if (event"),
    ("pane.js", "one.replace(/^/gm, '> ')", "one"),
    ("pane.js", "<details>", "<details open>"),
    ("extension.js", "{ modal: true, detail }, yes) !== yes", "{ detail }, yes) !== yes"),
    ("tree.js", "if (!lesson.begun) item.command", "if (lesson.begun) item.command"),
    ("extension.js", "ask('language', chosen.lang)", "ask('contents')"),
]
PROOFS = [
    test_above_each_exercise_stand_its_four_lenses,
    test_a_save_marks_a_wrong_answer_at_its_line_and_takes_the_mark_away,
    test_a_click_checks_and_shows_the_solution_after_a_question,
    test_the_lesson_is_beside_the_code_typeset_and_follows,
    test_hints_and_questions_come_in_the_pane,
    test_reset_asks_and_undo_brings_it_back,
    test_a_lesson_is_begun_from_the_tree,
    test_the_language_changes_and_the_code_stays,
]


@editor
@pytest.mark.skipif(os.environ.get("EDITOR_PROOFS") != "every", reason="takes minutes: EDITOR_PROOFS=every")
def test_each_proof_fails_where_the_extension_is_broken(tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(EXTENSION, broken)
    for name, old, new in BROKEN:
        text = (broken / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        (broken / name).write_text(text.replace(old, new), encoding="utf-8")
    found = visited(tmp_path, "course.mjs", extension=broken, PROOF_WRONG=WRONG, PROOF_RIGHT=RIGHT)
    print(json.dumps(found["failed"], indent=1))
    held = []
    for proof in PROOFS:
        try:
            proof(found)
            held.append(proof.__name__)
        except (AssertionError, LookupError):
            continue
    assert not held, f"these hold whatever the extension does: {held}"
