"""A client of a language server of Pyright's family, answering for VS Code from the workspace's settings."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .rpc import Channel, Inbox, pump
from .vscode import Window, section

# A clean file publishes nothing that a wait could end on. So each is opened with an undefined name at its end:
# once that is reported, the analysis of the file is done.
SENTINEL = "no_such_name_anywhere"
SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}


def server() -> list[str]:
    """The command line of basedpyright's or pyright's server; the test skips where there is neither."""
    beside = str(Path(sys.executable).parent)
    for name in ("basedpyright-langserver", "pyright-langserver"):
        if found := shutil.which(name, path=beside) or shutil.which(name):
            return [found, "--stdio"]
    pytest.skip("no language server: pip install -r requirements.txt")


class LanguageServer:
    """A running server for the folder of `window`; `settings` stand for its settings.json."""

    def __init__(self, window: Window, settings: dict[str, Any] | None = None) -> None:
        self.window, self.settings = window, window.settings if settings is None else settings
        self.process = subprocess.Popen(
            server(), cwd=window.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdin and self.process.stdout
        self.inbox: Inbox = Inbox()
        self.channel = Channel(self.process.stdout, self.process.stdin, self.inbox)
        self.replies: dict[int, dict] = {}
        self.published: dict[str, list[dict]] = {}
        self.texts: dict[str, str] = {}
        self.number = 0

    def __enter__(self) -> "LanguageServer":
        root = self.window.root.as_uri()
        what = {"workspace": {"configuration": True, "workspaceFolders": True}, "textDocument": {"definition": {}}}
        folders = [{"uri": root, "name": self.window.root.name}]
        self.request("initialize", processId=os.getpid(), rootUri=root, workspaceFolders=folders, capabilities=what)
        self.notify("initialized")
        self.notify("workspace/didChangeConfiguration", settings=None)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.request("shutdown")
            self.notify("exit")
            self.process.wait(10)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()
        self.process.wait()
        self.channel.close()

    def notify(self, method: str, **params: Any) -> None:
        self.channel.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, **params: Any) -> Any:
        self.number += 1
        me = self.number
        self.channel.send({"jsonrpc": "2.0", "id": me, "method": method, "params": params})
        reply = self.wait(lambda: self.replies.pop(me, None))
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return reply.get("result")

    def wait(self, until: Any) -> Any:
        return pump(self.inbox, self._handle, until, 240, lambda: f"{len(self.published)} files have diagnostics")

    def _handle(self, _: Channel, message: dict[str, Any] | None) -> None:
        if message is None:
            raise EOFError("the language server ended")
        if "method" not in message:
            self.replies[message["id"]] = message
            return
        if message["method"] == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]["diagnostics"]
        if "id" in message:
            self.channel.send({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(message)})

    def _answer(self, message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            return [self._section(item.get("section", "")) for item in message["params"]["items"]]
        return None

    def _section(self, name: str) -> Any:
        found = self.window.resolve(section(self.settings, name))
        return {**(found or {}), "pythonPath": self.window.python} if name == "python" else found

    def open(self, path: Path, text: str | None = None) -> str:
        """Opens the file as an editor does, with unsaved `text` if given; returns its address."""
        uri = path.as_uri()
        self.texts[uri] = (path.read_text(encoding="utf-8") if text is None else text).rstrip("\n") + "\n"
        document = {"uri": uri, "languageId": "python", "version": 1, "text": f"{self.texts[uri]}print({SENTINEL})\n"}
        self.notify("textDocument/didOpen", textDocument=document)
        return uri

    def diagnostics(self, *uris: str) -> list[str]:
        """What is wrong in those files, one line each: `name:line: error: message`; hints, which only grey, are left out."""
        self.wait(lambda: all(any(SENTINEL in d["message"] for d in self.published.get(uri, [])) for uri in uris))
        return [
            f"{'/'.join(uri.split('/')[-2:])}:{d['range']['start']['line'] + 1}: {SEVERITIES[d['severity']]}: {d['message']}"
            for uri in uris
            for d in self.published[uri]
            if SENTINEL not in d["message"] and d["severity"] < 4
        ]

    def definition(self, uri: str, text: str, name: str) -> list[str]:
        """Where Go to Definition leads from `name` within the first place that holds `text`."""
        before = self.texts[uri][: self.texts[uri].index(text) + text.index(name)]
        at = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        found = self.request("textDocument/definition", textDocument={"uri": uri}, position=at) or []
        return [place.get("uri", place.get("targetUri")) for place in found]
