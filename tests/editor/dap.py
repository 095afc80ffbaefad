"""A client of debugpy's adapter, doing VS Code's part: breakpoints, the integrated terminal, a session for each child."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .rpc import Channel, Inbox, pump

Breakpoints = Mapping[Path, list[int]]
CAPABILITIES = {
    "clientID": "vscode",
    "adapterID": "debugpy",
    "pathFormat": "path",
    "linesStartAt1": True,
    "columnsStartAt1": True,
    "supportsVariableType": True,
    "supportsRunInTerminalRequest": True,
    "supportsStartDebuggingRequest": True,
}


def line_of(path: Path, text: str) -> int:
    """The number of the first line that holds `text`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@dataclass(eq=False)
class Session:
    """One debugged process; the first one's, or a child's."""

    channel: Channel
    number: int = 0
    replies: dict[int, dict] = field(default_factory=dict)
    events: list[dict] = field(default_factory=list)
    ended: bool = False

    def send(self, **message: Any) -> int:
        self.number += 1
        self.channel.send({"seq": self.number, **message})
        return self.number

    def take(self, *names: str) -> dict | None:
        """The first event of those names that was not taken yet."""
        found = next((event for event in self.events if event["event"] in names), None)
        if found:
            self.events.remove(found)
        return found


@dataclass
class Stop:
    """A process that stands still in a frame."""

    debugger: "Debugger"
    session: Session
    thread: int
    reason: str
    frame: dict[str, Any]

    @property
    def place(self) -> tuple[Path, int]:
        return Path(self.frame["source"]["path"]), self.frame["line"]

    def locals(self) -> dict[str, str]:
        """The types of the local variables, by name, as the Variables view lists them."""
        ask = self.debugger.request
        scope = ask(self.session, "scopes", frameId=self.frame["id"])["scopes"][0]
        found = ask(self.session, "variables", variablesReference=scope["variablesReference"])["variables"]
        return {variable["name"]: variable.get("type", "") for variable in found}

    def evaluate(self, expression: str) -> str:
        given = {"expression": expression, "frameId": self.frame["id"], "context": "watch"}
        return self.debugger.request(self.session, "evaluate", **given)["result"]

    def step(self) -> "Stop":
        """Step Over, to the next stop of the same process."""
        self.debugger.request(self.session, "next", threadId=self.thread)
        return self.debugger.stop(self.session)

    def go_on(self) -> None:
        self.debugger.request(self.session, "continue", threadId=self.thread)


class Debugger:
    """An adapter, and the sessions that VS Code would have with it."""

    def __init__(self, env: Mapping[str, str], python: str = sys.executable, patience: float = 90) -> None:
        """`patience`: seconds without a word from the adapter after which a proof fails."""
        self.env, self.inbox, self.patience = dict(env), Inbox(), patience
        self.terminal = tempfile.TemporaryFile()  # noqa: SIM115, closed by __exit__
        self.adapter = subprocess.Popen(
            [python, "-m", "debugpy.adapter"], env=self.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.adapter.stdin and self.adapter.stdout
        self.sessions = [Session(Channel(self.adapter.stdout, self.adapter.stdin, self.inbox))]
        self.programs: list[subprocess.Popen] = []
        self.sockets: list[socket.socket] = []
        self.breakpoints: Breakpoints = {}

    def __enter__(self) -> "Debugger":
        return self

    def __exit__(self, *_: object) -> None:
        for program in [*self.programs, self.adapter]:
            if program.poll() is None:
                program.kill()
            program.wait()
        for connection in self.sockets:
            with contextlib.suppress(OSError):  # closed at the other end already
                connection.shutdown(socket.SHUT_RDWR)  # or the thread that reads from it would wait for ever
            connection.close()
        for session in self.sessions:
            session.channel.close()
        self.terminal.close()

    def start(self, configuration: dict[str, Any], breakpoints: Breakpoints) -> None:
        """F5 on the resolved `configuration`; one with `connect` goes to that port, past the adapter, as ms-python's does."""
        self.breakpoints = breakpoints
        if "connect" in configuration:
            self.sessions.insert(0, self._connect(**configuration["connect"]))
        self._begin(self.sessions[0], configuration)

    def _connect(self, host: str, port: int) -> Session:
        """A session with who listens there, or soon will; trying costs nothing, but a connection that is dropped ends a `--listen`."""
        until = time.monotonic() + 30
        while True:
            try:
                connection = socket.create_connection((host, port))
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        self.sockets.append(connection)
        return Session(Channel(connection.makefile("rb"), connection.makefile("wb"), self.inbox))

    def _begin(self, session: Session, configuration: dict[str, Any]) -> None:
        self.request(session, "initialize", **CAPABILITIES)
        asked = session.send(type="request", command=configuration["request"], arguments=configuration)
        self.wait(lambda: session.take("initialized") or asked in session.replies)
        for path, lines in self.breakpoints.items() if asked not in session.replies else ():
            wanted = [{"line": line} for line in lines]
            self.request(session, "setBreakpoints", source={"path": str(path)}, breakpoints=wanted)
        if asked not in session.replies:
            self.request(session, "configurationDone")
        self._reply(session, asked)

    def request(self, session: Session, command: str, **arguments: Any) -> dict[str, Any]:
        return self._reply(session, session.send(type="request", command=command, arguments=arguments))

    def _reply(self, session: Session, number: int) -> dict[str, Any]:
        reply = self.wait(lambda: session.replies.pop(number, None) or session.ended and {"success": True})
        if not reply["success"]:
            raise RuntimeError(f"{reply['command']}: {reply.get('message')}")
        return reply.get("body") or {}

    def wait(self, until: Any) -> Any:
        return pump(self.inbox, self._handle, until, self.patience, self.printed)

    def _handle(self, channel: Channel, message: dict[str, Any] | None) -> None:
        session = next(one for one in self.sessions if one.channel is channel)
        if message is None:
            session.ended = True
        elif message["type"] == "event":
            session.events.append(message)
        elif message["type"] == "response":
            session.replies[message["request_seq"]] = message
        else:
            body = getattr(self, f"_{message['command']}")(message["arguments"])
            answer = {"request_seq": message["seq"], "command": message["command"], "success": True, "body": body}
            session.send(type="response", **answer)

    def _runInTerminal(self, asked: dict[str, Any]) -> dict[str, Any]:
        env = self.env | {name: value for name, value in (asked.get("env") or {}).items() if value is not None}
        program = subprocess.Popen(
            asked["args"],
            cwd=asked["cwd"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=self.terminal,
            stderr=self.terminal,
        )
        self.programs.append(program)
        return {"processId": program.pid}

    def _startDebugging(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A child process of the program wants a session of its own; it is opened by `stop`."""
        configuration = {**asked["configuration"], "request": asked["request"]}
        child = self._connect(**configuration["connect"])
        child.events.append({"event": "new", "body": configuration})
        self.sessions.append(child)
        return {}

    def stop(self, session: Session | None = None) -> Stop:
        """The next stop, of that session or of any."""
        while True:
            source, event = self.wait(lambda: self._next("new", "stopped", "exited", only=session))
            if event["event"] == "exited":
                raise EOFError(f"ended with {event['body']['exitCode']} and no further stop: {self.printed()}")
            if event["event"] == "stopped":
                thread = event["body"]["threadId"]
                frames = self.request(source, "stackTrace", threadId=thread)["stackFrames"]
                return Stop(self, source, thread, event["body"]["reason"], frames[0])
            self._begin(source, event["body"])

    def _next(self, *names: str, only: Session | None = None) -> tuple[Session, dict] | None:
        for session in list(self.sessions):
            wanted = names if only in (None, session) else ("new",)
            if found := session.take(*wanted):
                return session, found
        return None

    def finish(self) -> int:
        """Waits for the end of the first process; its exit code."""
        main = self.sessions[0]
        while True:
            source, event = self.wait(lambda: self._next("new", "exited", only=main))
            if event["event"] == "exited":
                return self._leave(event["body"]["exitCode"])
            self._begin(source, event["body"])

    def _leave(self, code: int) -> int:
        self.wait(lambda: self.sessions[0].take("terminated"))
        self.request(self.sessions[0], "disconnect")
        for program in self.programs:
            program.wait(30)
        return code

    def printed(self) -> str:
        """The end of what the terminal shows."""
        self.terminal.seek(max(0, self.terminal.seek(0, os.SEEK_END) - 20_000))
        return self.terminal.read().decode("utf-8", "replace")
