"""The conda environment: read by conda's own parser, held against requirements.txt, and its pip section really installed."""

import importlib.util
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .container import Container
from .vscode import REPOSITORY, read

FILE = REPOSITORY / "environment.yml"
KEYS = {"name", "channels", "dependencies", "variables", "prefix"}
needs_rattler = pytest.mark.skipif(
    not importlib.util.find_spec("rattler"), reason="needs py-rattler, conda's parser: pip install -e '.[dev]'"
)


def pip_section(environment: dict[str, Any]) -> list[str]:
    """The arguments that conda gives to pip, one string each."""
    return [line for entry in environment["dependencies"] if isinstance(entry, dict) for line in entry["pip"]]


def complaints(environment: dict[str, Any], folder: Path) -> list[str]:
    """What conda or pip would have against it."""
    rattler: Any = importlib.import_module("rattler")  # not there without the extra: no checker is to miss it
    found, names = [f"unknown key {key}" for key in environment.keys() - KEYS], set()
    for spec in (entry for entry in environment["dependencies"] if isinstance(entry, str)):
        try:
            names.add(str(rattler.MatchSpec(spec, strict=True)).split()[0].split("=")[0])
        except Exception as error:  # rattler's own kinds are not public
            found.append(f"{spec}: {error}")
    for line in pip_section(environment):
        option, _, rest = line.partition(" ")
        if option in ("-r", "-c"):
            found += [] if (folder / rest).is_file() else [f"{line}: no such file"]
        else:
            Requirement(line)
    return found + ([] if "pip" in names else ["a pip section without pip"])


@needs_rattler
def test_condas_parser_takes_it():
    assert complaints(yaml.safe_load(FILE.read_text(encoding="utf-8")), REPOSITORY) == []


@needs_rattler
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("python=3.11", "python=>3.11,", "python"),
        ("  - pip\n", "", "without pip"),
        ("channels:", "chanels:", "chanels"),
        ("requirements.txt\n", "requirement.txt\n", "no such file"),
    ],
)
def test_a_broken_one_is_found(old, new, said):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    found = complaints(yaml.safe_load(text.replace(old, new)), REPOSITORY)
    assert len(found) == 1 and said in found[0]


def test_it_is_the_environment_that_the_course_speaks_of():
    environment = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert environment["name"] == "arena-env"
    assert environment["channels"] == ["conda-forge", "nodefaults"], "the default channels ask for a licence"


def test_it_agrees_with_requirements_and_pyproject():
    """Conda brings Python and pip; every other package has one list, so none can be in two versions."""
    environment = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    assert sorted(re.split("[=<>]", spec)[0] for spec in conda) == ["pip", "python"]
    (python,) = (spec.partition("=")[2] for spec in conda if spec.startswith("python"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert python in SpecifierSet(project["requires-python"])
    assert pip_section(environment) == ["-r requirements.txt"]


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="done by the container's POSIX commands")
def test_its_pip_section_installs_what_is_pinned(created: Container):
    """The container's creation ran just this line, by pip, in a fresh virtual environment."""
    install = read(REPOSITORY / ".devcontainer" / "devcontainer.json")["updateContentCommand"]
    (line,) = pip_section(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    assert install.endswith(f"pip install {line}")
    created.run(str(created.python), "-m", "pip", "check")
    listed = json.loads(created.run(str(created.python), "-m", "pip", "list", "--format=json").splitlines()[0])
    installed = {canonicalize_name(package["name"]): package["version"].partition("+")[0] for package in listed}
    pins = [
        Requirement(pin)
        for pin in (REPOSITORY / "requirements.txt").read_text(encoding="ascii").splitlines()
        if "==" in pin
    ]
    wanted = {
        canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in pins if not pin.marker or pin.marker.evaluate()
    }
    assert {name: installed.get(name) for name in wanted} == wanted
