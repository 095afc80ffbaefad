"""The dev containers: read by the real CLI and strictly, and their lifecycle run as it stands by a user who is not root."""

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from .container import CONFIGURATIONS, CommandFailed, Container, container
from .vscode import REPOSITORY, read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="a container's commands are a POSIX shell's"),
]
HERE = Path(__file__).parent
CPU, GPU = (read(REPOSITORY / name) for name in CONFIGURATIONS)
both = pytest.mark.parametrize("name", CONFIGURATIONS)


def complaints(configuration: Any) -> list[str]:
    """What the specification's keys and types have against it."""
    schema = json.loads((HERE / "devcontainer.schema.json").read_text(encoding="utf-8"))
    return [error.message for error in Draft202012Validator(schema).iter_errors(configuration)]


@both
def test_the_specification_has_nothing_against_it(name):
    assert complaints(read(REPOSITORY / name)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"postCreatCommand": "true"},
        {"hostRequirements": {"gpu": "maybe"}},
        {"forwardPorts": "5678"},
        {"waitFor": "postAttachCommand"},
        {"customizations": {"vscode": {"extensions": ["python"]}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_misspelt_key_or_a_wrong_type_is_found(change):
    assert len(complaints(CPU | change)) == 1


@pytest.mark.parametrize(("old", "new"), [('",\n    "image"', '"\n    "image"'), ("[5678]", "[5678,]")])
def test_a_missing_or_a_trailing_comma_is_found(tmp_path, old, new):
    """The CLI itself lets the first pass."""
    text = (REPOSITORY / CONFIGURATIONS[0]).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "devcontainer.json").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(json.JSONDecodeError):
        read(tmp_path / "devcontainer.json")


@both
def test_the_real_cli_reads_it(name):
    cli = HERE / "programs" / "node_modules" / ".bin" / "devcontainer"
    if not cli.exists() or not shutil.which("node"):
        pytest.skip("needs @devcontainers/cli: .ci/editor installs it")
    command = [cli, "read-configuration", "--docker-path", "/bin/true", "--workspace-folder", REPOSITORY]
    done = subprocess.run([*command, "--config", REPOSITORY / name], capture_output=True, check=True, encoding="utf-8")
    seen = json.loads(done.stdout)["configuration"]
    ours = read(REPOSITORY / name)
    assert {key: seen[key] for key in ours if key != "remoteEnv"} == {
        key: ours[key] for key in ours if key != "remoteEnv"
    }
    assert "localEnv" not in json.dumps(seen["remoteEnv"])  # replaced: known to the CLI


def test_the_two_differ_only_in_what_a_gpu_needs():
    different = {key for key in CPU.keys() | GPU.keys() if CPU.get(key) != GPU.get(key)}
    assert different == {"name", "hostRequirements", "runArgs", "postStartCommand"}
    assert GPU["hostRequirements"]["gpu"] == "optional" and "gpu" not in CPU["hostRequirements"]


def test_they_agree_with_the_rest_of_the_workspace():
    vscode = CPU["customizations"]["vscode"]
    recommended = read(REPOSITORY / ".vscode" / "extensions.json")["recommendations"]
    elsewhere = {"ms-vscode-remote.remote-ssh", "deep-learning-fundamentals.course"}  # on the host; by welcome.sh
    assert vscode["extensions"] == [name for name in recommended if name not in elsewhere]
    assert vscode["settings"]["python.defaultInterpreterPath"].startswith(f"/home/{CPU['remoteUser']}/arena-env/")
    assert "appPort" not in CPU, "it publishes a port to the whole network"
    (attach,) = (c for c in read(REPOSITORY / ".vscode" / "launch.json")["configurations"] if c["request"] == "attach")
    assert CPU["forwardPorts"] == [attach["connect"]["port"]]


def test_it_installs_by_the_readmes_own_command():
    command = re.fullmatch(r"\$HOME/arena-env/bin/(pip install .+)", CPU["updateContentCommand"])
    assert command and command[1] in (REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.mark.thorough
def test_after_creation_the_learners_file_is_there_and_open_beside_the_readme(created: Container):
    answers = "chapter0_fundamentals/exercises/part1_raytracing/answers.py"
    assert (created.clone / answers).is_file()
    assert created.opened == ["README.md", answers]
    assert all((REPOSITORY / name).is_file() for name in CPU["customizations"]["codespaces"]["openFiles"])
    with zipfile.ZipFile(created.home / "installed.vsix") as package:
        assert {"extension/package.json", "extension/extension.js"} <= set(package.namelist())
    created.live("postAttachCommand")
    assert len(created.opened) == 2, "the second attachment leaves the learner's tabs alone"
    assert "1 passed" in created.run(str(created.python), "-m", "pytest", "-q", "-k", "test_make_rays_1d")


@pytest.mark.thorough
def test_without_an_editor_the_attachment_is_no_failure(created: Container):
    (created.clone / ".coach" / "welcomed").unlink()
    (created.home / "bin" / "code").rename(created.home / "bin" / "no-code")
    try:
        created.live("postAttachCommand")
    finally:
        (created.home / "bin" / "no-code").rename(created.home / "bin" / "code")
    assert len(created.opened) == 2


@pytest.mark.thorough
def test_a_rebuild_keeps_the_learners_file(created: Container):
    answers = created.clone / "chapter0_fundamentals/exercises/part1_raytracing/answers.py"
    with answers.open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    created.live("onCreateCommand", "updateContentCommand", "postCreateCommand")
    assert answers.read_text(encoding="utf-8").endswith("# mine\n")


@pytest.mark.thorough
def test_the_gpu_variant_says_whether_it_has_one(created: Container):
    variant = Container(created.home, GPU)
    assert variant.live("postStartCommand")["postStartCommand"].strip()


@pytest.mark.thorough
def test_a_failing_command_ends_the_creation():
    with container(CONFIGURATIONS[0]) as made:
        (made.clone / "requirements.txt").unlink()
        with pytest.raises(CommandFailed, match="requirements.txt"):
            made.live()
        assert not list(made.clone.glob("chapter*/exercises/*/answers.py"))
