"""What a learner's test file is tried on: one right implementation and eight wrong ones, by pytest, in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from coach import say

SECONDS = 30  # after which a test file that doesn't end is given up

RUNNING_MEAN = {
    "right": """
def running_mean(values, window):
    if not 1 <= window <= len(values):
        raise ValueError(f"a window of {window} in {len(values)} values")
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)  # from the beginning to here: a mean is a difference of two
    return [(b - a) / window for a, b in zip(sums, sums[window:])]
""",
    "last": """
def running_mean(values, window):
    if not 1 <= window <= len(values):
        raise ValueError("window")
    return [sum(values[i : i + window]) / window for i in range(len(values) - window)]
""",
    "partial": """
def running_mean(values, window):
    if not 1 <= window <= len(values):
        raise ValueError("window")
    return [sum(values[i : i + window]) / len(values[i : i + window]) for i in range(len(values))]
""",
    "whole": """
def running_mean(values, window):
    if not 1 <= window <= len(values):
        raise ValueError("window")
    return [float(sum(values[i : i + window]) // window) for i in range(len(values) - window + 1)]
""",
    "two": """
def running_mean(values, window):
    if not 1 <= window <= len(values):
        raise ValueError("window")
    window = min(window, 2)
    return [sum(values[i : i + window]) / window for i in range(len(values) - window + 1)]
""",
    "zero": """
def running_mean(values, window):
    if window > len(values):
        raise ValueError("window")
    return [sum(values[i : i + window]) / window for i in range(len(values) - window + 1)] if window > 0 else []
""",
    "long": """
def running_mean(values, window):
    if window < 1:
        raise ValueError("window")
    return [sum(values[i : i + window]) / window for i in range(len(values) - window + 1)]
""",
    "sorts": """
def running_mean(values, window):
    if not 1 <= window <= len(values):
        raise ValueError("window")
    ordered = sorted(values)
    return [sum(ordered[i : i + window]) / window for i in range(len(values) - window + 1)]
""",
    "changes": """
def running_mean(values, window):
    if not 1 <= window <= len(values):
        raise ValueError("window")
    means = [sum(values[i : i + window]) / window for i in range(len(values) - window + 1)]
    values[: len(means)] = means
    return means
""",
}
LOG = {
    "right": """
import json


def add(path, record):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\\n")


def read(path):
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
""",
}


def _log(old: str, new: str) -> str:
    assert old in LOG["right"], old
    return LOG["right"].replace(old, new)


LOG |= {
    "overwrites": _log('"a", enc', '"w", enc'),
    "folder": _log("    path.parent.mkdir(parents=True, exist_ok=True)\n", ""),
    "missing": _log("    if not path.exists():\n        return []\n", ""),
    "newest": _log(".splitlines()]", ".splitlines()[::-1]]"),
    "text": _log("json.loads(line) for", "{key: str(value) for key, value in json.loads(line).items()} for"),
    "empties": _log(
        '    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]',
        '    lines = path.read_text(encoding="utf-8").splitlines()\n    path.write_text("")\n    return [json.loads(line) for line in lines]',
    ),
    "shared": LOG["right"]
    .replace("def add(path, record):\n", "def add(path, record):\n    path = path.with_name('log.jsonl')\n")
    .replace("def read(path):\n", "def read(path):\n    path = path.with_name('log.jsonl')\n"),
    "changes": _log('"\\n")', '"\\n")\n    record.clear()'),
}
MODULES = {"running": (("running_mean",), RUNNING_MEAN), "runlog": (("add", "read"), LOG)}

# The process of its own. A learner's file is run by pytest anew for each implementation, in a folder of its own; where
# `quick`, it is collected once, for files that leave nothing behind. What it imports are functions that call the
# implementation of the moment.
DRIVER = """
import json, os, sys, types
import pytest
from _pytest.runner import runtestprotocol

name, functions, sources, texts, quick = json.load(open("job.json", encoding="utf-8"))
now = {}
module = types.ModuleType(name)
for function in functions:
    def call(*args, _function=function, **kwargs):
        return now[_function](*args, **kwargs)
    call.__name__ = function
    setattr(module, function, call)
sys.modules[name] = module


def told(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash:
        return crash.message.strip().split("\\n")[0]
    return getattr(report.longrepr, "errorstring", "") or str(report.longrepr).strip().split("\\n")[-1]


class Loop:
    def __init__(self, keys):
        self.keys, self.found, self.broken, self.reports = keys, {}, "", []

    def pytest_collectreport(self, report):
        if report.failed:
            self.broken = self.broken or str(report.longrepr).strip().split("\\n")[-1]

    def pytest_runtest_logreport(self, report):
        self.reports.append(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        for key in self.keys:
            now.clear()
            exec(compile(sources[key], f"<{key}>", "exec"), now)
            failed, passed = [], 0
            for item, after in zip(session.items, [*session.items[1:], None]):
                self.reports = []
                runtestprotocol(item, nextitem=after, log=True)
                failed += [f"{item.name}: {told(report)}" for report in self.reports if report.failed]
                passed += all(report.passed for report in self.reports)
            self.found[key] = [passed, failed]
        return True


top, said = os.getcwd(), []
for number, text in enumerate(texts):
    broken, found = "", {}
    for turn, keys in enumerate([list(sources)] if quick else [[key] for key in sources]):
        if broken:
            break
        folder = os.path.join(top, f"{number}_{turn}")
        os.mkdir(folder)
        os.chdir(folder)
        file = f"test_{name}.py"
        open(file, "w", encoding="utf-8").write(text)
        open("empty.ini", "w").write("[pytest]")
        loop = Loop(keys)
        options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-c", "empty.ini", "--rootdir=.", "--basetemp=temp"]
        pytest.main([*options, file], plugins=[loop])
        sys.modules.pop(f"test_{name}", None)
        sys.path[:] = [place for place in sys.path if place != folder]
        broken, found = loop.broken, found | loop.found
    said.append([broken, found])
os.chdir(top)
json.dump(said, open("said.json", "w", encoding="utf-8"))
"""


@dataclass(frozen=True)
class Outcome:
    """How one test file fared: `passed` and `failed` (each with its error) by implementation."""

    broken: str  # why there was nothing to run
    passed: dict[str, int]
    failed: dict[str, tuple[str, ...]]

    def kills(self, key: str) -> bool:
        return bool(self.failed.get(key))


_KNOWN: dict[tuple[str, str], Outcome] = {}


def outcomes(name: str, texts: list[str], *, quick: bool = False) -> list[Outcome]:
    """How each of these test files fares with the implementations of the module `name`; the same text is run once."""
    new = [text for text in dict.fromkeys(texts) if (name, text) not in _KNOWN]
    if new:
        _KNOWN.update(zip(((name, text) for text in new), _run(name, new, quick), strict=True))
    return [_KNOWN[name, text] for text in texts]


def _run(name: str, texts: list[str], quick: bool) -> list[Outcome]:
    functions, sources = MODULES[name]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        here = Path(folder)
        (here / "job.json").write_text(json.dumps([name, functions, sources, texts, quick]), encoding="utf-8")
        command = [sys.executable, "-c", DRIVER]
        try:
            done = subprocess.run(
                command, cwd=here, env=environment, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            said = say(zh=f"{SECONDS} 秒还没有结束", en=f"it did not end within {SECONDS} s")
            return [Outcome(said, {}, {})] * len(texts)
        if not (here / "said.json").is_file():
            last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            return [Outcome(last or say(zh="进程提前结束了", en="its process ended early"), {}, {})] * len(texts)
        said = json.loads((here / "said.json").read_text(encoding="utf-8"))
    return [
        Outcome(broken, {k: v[0] for k, v in found.items()}, {k: tuple(v[1]) for k, v in found.items()})
        for broken, found in said
    ]
