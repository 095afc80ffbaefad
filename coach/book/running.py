"""Runs a script's cells once, for both languages, and keeps what came out for as long as nothing that it needs changes."""

import asyncio
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine
from functools import cached_property
from pathlib import Path
from typing import Any

from coach.book.outputs import in_language
from coach.book.scripts import Script
from coach.course.imports import imports
from coach.course.percent import cell_spans, markers
from coach.course.workspace import Workspace
from coach.files import write_atomically
from coach.words import BETWEEN, BOTH, CLOSE, LANGUAGES, OPEN, Trouble

AT_ONCE = 2  # lessons, each on one core
SECONDS = 900  # for one cell
KEPT = 3  # results of one script: of this state of the checkout, and of those before it
FORMAT = 1  # of what is kept: another number, and everything is run again
USED = ("__init__.py", "figures.py", "words.py")  # by lessons, beside what judges
NOT_IMPORTED = {"answers.py", "mistakes.py", "variants.py"}
Outputs = list[list[dict[str, Any]]]  # of each code cell
Results = dict[str, Outputs]  # by language
CUT = re.compile(f"[{OPEN}{BETWEEN}{CLOSE}]|\\\\+ue0b[012]")  # a mark that is left, as it is or as `repr` writes it


class Runs:
    """The results of all scripts, in a folder."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace, self.folder = workspace, folder
        self.folders = {lesson.name: lesson.folder for lesson in workspace.lessons}

    def results(self, scripts: list[Script], said: Callable[[str], None]) -> dict[str, Results]:
        """What every code cell of each script gives, by page and language; only what is not known yet is run."""
        files = {script.page: self._file(script) for script in scripts}
        # The last days train, and take longest: begun first, they leave no core idle at the end.
        missing = [script for script in reversed(scripts) if not files[script.page].is_file()]
        _apart(self._run_all(missing, files, said))
        return {page: _in_languages(json.loads(file.read_text(encoding="utf-8"))) for page, file in files.items()}

    async def _run_all(self, scripts: list[Script], files: dict[str, Path], said: Callable[[str], None]) -> None:
        free = asyncio.Semaphore(AT_ONCE)

        async def run(script: Script) -> None:
            async with free:
                began = time.monotonic()
                self._keep(files[script.page], await self._run(script))
                said(f"{script.page}  {time.monotonic() - began:.0f} s")

        tasks = [asyncio.ensure_future(run(script)) for script in scripts]
        try:
            await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _run(self, script: Script) -> dict[str, Outputs]:
        """Once for both languages; once for each where the code cuts a text in two, or measures it."""
        outputs = await run_cells(self.workspace, script)
        told = json.dumps([in_language(outputs, lang) for lang in LANGUAGES], ensure_ascii=False)
        if not CUT.search(told):
            return {BOTH: outputs}
        return {lang: await run_cells(self.workspace, script, lang) for lang in LANGUAGES}

    def _keep(self, file: Path, outputs: dict[str, Outputs]) -> None:
        write_atomically(file, json.dumps(outputs, ensure_ascii=False).encode("utf-8"))
        results = sorted(file.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in results[:-KEPT]:
            old.unlink()

    def _file(self, script: Script) -> Path:
        return self.folder / script.page / f"{self._key(script)}.json"

    def _key(self, script: Script) -> str:
        """Changes with the script's code, with that of every lesson that it imports, with what judges, and the versions."""
        digest = hashlib.sha256(self._tool)
        digest.update(_code(script.path))
        for folder in sorted(self._needed(script.lesson.folder)):
            for path in sorted(folder.glob("*.py")):
                if path.name not in NOT_IMPORTED and path != script.path:
                    digest.update(f"{path.name}\0".encode() + _code(path))
        return digest.hexdigest()[:24]

    @cached_property
    def _tool(self) -> bytes:
        coach = Path(__file__).parents[1]
        files = [*coach.glob("judging/*.py"), *(coach / name for name in USED)]
        digest = hashlib.sha256(repr((FORMAT, sys.version_info[:2])).encode())
        for path in [*sorted(files), self.workspace.root / "requirements.txt"]:
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.digest()

    def _needed(self, folder: Path, found: set[Path] | None = None) -> set[Path]:
        """The folders of the lessons that this one imports, and of those that they import."""
        found = set() if found is None else found
        if folder not in found:
            found.add(folder)
            for path in folder.glob("*.py"):
                if path.name not in NOT_IMPORTED:
                    for name in {module.split(".")[0] for module in imports(path)} & set(self.folders):
                        self._needed(self.folders[name], found)
        return found


def _in_languages(kept: dict[str, Outputs]) -> Results:
    return {lang: kept[lang] if lang in kept else in_language(kept[BOTH], lang) for lang in LANGUAGES}


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Does the work in a thread: there nbclient leaves Ctrl+C alone, and kernels end with their parent."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _code(path: Path) -> bytes:
    """A file without its prose and its cells' marks, which may change and no cell need run again."""
    text = path.read_text(encoding="utf-8")
    lines, marks, kept = text.split("\n"), {*markers(text)}, []
    for first, end in cell_spans(text):
        marked = first in marks
        if not (marked and "[markdown]" in lines[first]):
            kept.append("\n".join(lines[first + marked : end]).strip())
    return "\0".join(kept).encode()


async def run_cells(workspace: Workspace, script: Script, lang: str = BOTH) -> Outputs:
    """What the script's code cells give, run from top to bottom in a kernel of this very Python; `Trouble` if one fails.

    They work in a folder of their own: what a lesson writes beside itself is gone afterwards.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_code_cell, new_notebook

    cells = [new_code_cell(c.source, metadata={"tags": c.metadata.get("tags", [])}) for _, c in script.code]
    notebook = new_notebook(cells=cells)
    with tempfile.TemporaryDirectory(prefix="coach-book-", ignore_cleanup_errors=True) as work:
        (Path(work) / "cells").mkdir()
        client = NotebookClient(
            notebook,
            km=_kernel(work),
            timeout=SECONDS,
            resources={"metadata": {"path": str(Path(work) / "cells")}},
        )
        try:
            await client.async_execute(env=_environment(workspace, work, lang), cleanup_kc=True)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise _failed(script, cells, error) from None
    return [[dict(output) for output in cell.outputs] for cell in cells]


def _kernel(work: str) -> Any:
    """A kernel of this Python, whatever kernels this machine has installed."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    spec = Path(work) / "kernels" / "course"
    spec.mkdir(parents=True)
    command = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    quiet = ["--HistoryManager.enabled=False", "--log-level=40"]  # no word on how the kernel is reached
    told = {"argv": [*command, *quiet], "display_name": "course", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(told), encoding="utf-8")
    manager = KernelSpecManager(kernel_dirs=[str(spec.parent)], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="course", kernel_spec_manager=manager)


def _environment(workspace: Workspace, work: str, lang: str) -> dict[str, str]:
    ours = {"COACH_LANG": lang, "PLOTLY_RENDERER": "plotly_mimetype", "IPYTHONDIR": str(Path(work) / "ipython")}
    ours |= {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"), "NO_COLOR": "1", "PYTHONUTF8": "1"}
    around = {key: value for key, value in workspace.environment().items() if key != "PYTEST_CURRENT_TEST"}
    return around | ours


IN_CELL = re.compile(r"(?:Cell )?In\s*\[\d+\], line (\d+)")


def _failed(script: Script, cells: list[Any], error: Exception) -> Trouble:
    """Says which line of the lesson failed, and how."""
    at = next((i for i, cell in enumerate(cells) if any(o.output_type == "error" for o in cell.outputs)), None)
    if at is None:  # out of time, or dead: the first cell that was not finished
        done = [i for i, cell in enumerate(cells) if cell.execution_count]
        at = min(done[-1] + 1 if done else 0, len(cells) - 1)
    line, said = script.code[at][0], str(error).strip().split("\n")[-1]
    for output in cells[at].outputs:
        if output.output_type == "error":
            within = IN_CELL.findall(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback)))
            line += int(within[0]) if within else 0
            said = f"{output.ename}: {output.evalue}"
    zh = f"{script.path}:{line}：这一格没有跑完：{said}"
    return Trouble(zh=zh, en=f"{script.path}:{line}: this cell did not run to its end: {said}")
