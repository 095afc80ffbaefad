"""Runs a function in several processes at once, each with its rank in one process group; and ends them all.

`run(3, f, x)` calls `f(x)` in three fresh processes and returns the three results. It works the same from a cell, a
script, a test and a debugger, on Linux, macOS and Windows: the function travels by value, so it may be one that only a
cell knows. Under `torchrun` none of this is needed: there the processes are made by `torchrun`.
"""

import atexit
import contextlib
import ctypes
import functools
import importlib
import io
import itertools
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Client, Listener, Pipe, wait
from pathlib import Path
from typing import Any, NoReturn

import torch
import torch.distributed as dist
from torch.distributed import distributed_c10d

from coach import say

PATIENCE = 60.0  # seconds that a group may take
AFTER = 3.0  # seconds that the others have after the first failure
QUIET = 1.0  # seconds without a step, all ranks waiting for each other, that make a deadlock
IDLE = 20.0  # seconds after which processes that nobody uses end
POINT_TO_POINT = ("send", "recv", "isend", "irecv")
COLLECTIVES = (
    "broadcast", "reduce", "all_reduce", "all_gather", "all_gather_into_tensor", "gather", "scatter", "reduce_scatter",
    "reduce_scatter_tensor", "all_to_all", "all_to_all_single", "barrier", "broadcast_object_list", "all_gather_object",
    "gather_object", "scatter_object_list", "all_reduce_coalesced", "all_gather_coalesced", "send_object_list",
    "recv_object_list",
)  # fmt: skip


class RankFailed(RuntimeError):
    """A rank raised an error, died, or waits for ever; says which one, and shows its traceback."""


@dataclass
class Failure:
    """An error in a rank, as it can be told in another process."""

    kind: type[BaseException]
    text: str
    traceback: str
    frames: list[tuple[str, int, str]]  # file, line, function: the innermost last
    communicating: bool  # whether it came out of a call of torch.distributed: the cause may lie in another rank


@dataclass
class Ended:
    """How one rank ended: with a result, with a failure, dead with an exit code, or waiting `at` a call."""

    rank: int
    done: bool = False
    result: Any = None
    failure: Failure | None = None
    died: int | None = None
    at: str = ""
    trail: list[str] = field(default_factory=list)  # every call that it waited in
    log: list[tuple[str, int, int]] = field(default_factory=list)  # calls: name, the other rank or -1, bytes

    @property
    def finished(self) -> bool:
        return self.done or self.failure is not None or self.died is not None

    def __str__(self) -> str:
        if self.failure:
            return f"rank {self.rank}: {self.failure.kind.__name__}: {self.failure.text}"
        if self.died is not None:
            return say(
                zh=f"rank {self.rank} 的进程死了（退出码 {self.died}）", en=f"rank {self.rank} died ({self.died})"
            )
        if self.done:
            return say(zh=f"rank {self.rank} 已经返回", en=f"rank {self.rank} has returned")
        if self.at:
            return say(zh=f"rank {self.rank} 停在 {self.at}", en=f"rank {self.rank} waits in {self.at}")
        return say(zh=f"rank {self.rank} 还在计算", en=f"rank {self.rank} is still computing")


def run(world_size: int, function: Callable, *args: Any, seconds: float = PATIENCE) -> list[Any]:
    """What `function(*args)` returns in each of `world_size` processes, by rank.

    What a rank prints is printed here as it comes. Raises `RankFailed`, and ends all ranks, as soon as one of them has
    raised or died, or all of them wait for each other.
    """
    ended = together(world_size, function, *args, seconds=seconds)
    if all(one.done for one in ended):
        return [one.result for one in ended]
    cause = culprit(ended)
    told = [str(one) for one in ended]
    if cause and cause.failure:
        raise RankFailed("\n".join([*told, "", f"rank {cause.rank}:", cause.failure.traceback]))
    raise RankFailed("\n".join(told))


def bytes_sent(world_size: int, function: Callable, *args: Any) -> list[int]:
    """How many bytes each rank sends, point to point, in `function(*args)`."""
    ended = together(world_size, function, *args)
    return [sum(size for name, _, size in one.log if "send" in name) for one in ended]


def culprit(ended: Sequence[Ended]) -> Ended | None:
    """The rank whose failure is the cause: one that died, else one whose error is its own, else the first with any."""
    failed = [one for one in ended if one.failure or one.died is not None]
    failed.sort(key=lambda one: (one.died is None, bool(one.failure and one.failure.communicating), one.rank))
    return failed[0] if failed else None


def together(
    world_size: int, function: Callable, *args: Any, seconds: float = PATIENCE, quiet: float = QUIET
) -> list[Ended]:
    """As `run`, but returns how each rank ended, whatever happened; `quiet` seconds without a step are a deadlock."""
    with LOCK:
        team = _team(world_size)
        try:
            ended = team.run(world_size, function, args, seconds, quiet)
        except BaseException:  # Ctrl+C, say
            close()
            raise
        if not all(one.done or one.failure for one in ended):
            _close_team()  # they wait, compute or are dead
        _close_later()
    return ended


# The processes. They are kept for the next call, for a while.

LOCK = threading.RLock()
KEPT: "list[Team]" = []
NURSERIES: "list[Nursery]" = []
TIMERS: list[threading.Timer] = []


def _team(size: int) -> "Team":
    for timer in TIMERS:
        timer.cancel()
    TIMERS.clear()
    if KEPT and (KEPT[0].pid != os.getpid() or not KEPT[0].alive):
        _close_team()
    if not KEPT:
        KEPT.append(Team())
    KEPT[0].grow(size)
    return KEPT[0]


def _close_later() -> None:
    timer = threading.Timer(IDLE, close)
    timer.daemon = True
    timer.start()
    TIMERS.append(timer)


def close() -> None:
    """Ends all processes that `run` has made."""
    with LOCK:
        _close_team()
        while NURSERIES:
            NURSERIES.pop().close()


def renew(module: str) -> None:
    """Ends the forks of this process that haven't this module, if it was imported here in the meantime."""
    with LOCK:
        if KEPT and module in sys.modules and KEPT[0].lacks(module):
            _close_team()


def _close_team() -> None:
    while KEPT:
        KEPT.pop().close()


atexit.register(close)


def forks() -> bool:
    """Whether a fork of this process can compute: on Linux, as long as nothing here has threads of its own."""
    threads = torch.get_num_threads() == 1 and "ipykernel" not in sys.modules and "debugpy" not in sys.modules
    return sys.platform == "linux" and threads and not torch.cuda.is_available() and not dist.is_initialized()


class Member:
    """One process, seen from outside. It ends when we do."""

    connection: Any

    def end(self) -> None:
        """Kills it, and waits until it is gone."""
        raise NotImplementedError

    def exit_code(self) -> int:
        """Of one that is about to be dead."""
        raise NotImplementedError


@dataclass
class Forked(Member):
    """A fork of this process: there at once, with everything that is imported. It ends when `lifeline` is closed."""

    connection: Any
    pid: int
    lifeline: int
    code: int | None = None

    def end(self) -> None:
        self.connection.close()
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
        self.exit_code()
        os.close(self.lifeline)

    def exit_code(self) -> int:
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code


@dataclass
class Started(Member):
    """A process of its own, which has imported all anew: on Windows and macOS."""

    connection: Any
    process: subprocess.Popen

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def exit_code(self) -> int:
        return self.process.wait()


@dataclass
class Nursed(Member):
    """A fork of a process that has only imported torch: on Linux, where this process itself can't be forked."""

    connection: Any
    pid: int
    nursery: "Nursery"

    def end(self) -> None:
        self.connection.close()
        self.nursery.ask("end", self.pid)

    def exit_code(self) -> int:
        return self.nursery.ask("wait", self.pid)


class Team:
    """Processes that wait for work."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.pid, self.groups = os.getpid(), itertools.count()
        self.folder = Path(tempfile.mkdtemp(prefix="ranks-"))
        self.alive, self.known = True, set(sys.modules)

    def grow(self, size: int) -> None:
        """Makes processes until there are `size`; those that are imported anew are all begun before the first is awaited."""
        missing = range(len(self.members), size)
        if forks():
            self.members += [_forked() for _ in missing]
        elif missing and sys.platform == "linux":
            self.members += _nursery().born(len(missing))
        elif missing:
            self.members += _started(len(missing))

    def lacks(self, module: str) -> bool:
        return module not in self.known and any(isinstance(member, Forked) for member in self.members)

    def close(self) -> None:
        self.alive = False
        if self.pid == os.getpid():  # else a fork of the process that made them
            for member in self.members:
                member.end()
            shutil.rmtree(self.folder, ignore_errors=True)
        self.members = []

    def run(self, world_size: int, function: Callable, args: tuple, seconds: float, quiet: float) -> list[Ended]:
        payload, store = pickled((function, args)), str(self.folder / str(next(self.groups)))
        for rank in range(world_size):
            message = {"rank": rank, "world_size": world_size, "store": store, "seconds": seconds, "payload": payload}
            self.members[rank].connection.send(message)
        return self.follow([Ended(rank) for rank in range(world_size)], time.monotonic() + seconds, quiet)

    def follow(self, ended: list[Ended], deadline: float, quiet: float) -> list[Ended]:
        """Hears the ranks until all have ended, or none will ever. Those that have, stay in the group until then."""
        open_ = {self.members[one.rank].connection: one for one in ended}
        heard, released = time.monotonic(), set()
        while open_ and time.monotonic() < deadline:
            ready: list[Any] = wait(list(open_), timeout=0.05)
            for connection in ready:
                heard, one = time.monotonic(), open_[connection]
                try:
                    self.take(one, connection.recv())
                except (EOFError, OSError):
                    one.died, self.alive = self.members[one.rank].exit_code(), False
                if one.finished:
                    del open_[connection]
            if any(one.failure or one.died is not None for one in ended):
                deadline = min(deadline, time.monotonic() + AFTER)
                if not released and time.monotonic() - heard > quiet / 4:
                    self.release(ended, released)  # who waits for them hears of it now
                    heard = time.monotonic()
            stuck = all(one.at for one in open_.values())
            if stuck and time.monotonic() - heard > quiet:
                break
        self.release(ended, released)
        return ended

    def release(self, ended: list[Ended], released: set[int]) -> None:
        """Lets the ranks that have ended leave their group."""
        for one in ended:
            if (one.done or one.failure) and one.rank not in released:
                released.add(one.rank)
                with contextlib.suppress(OSError):
                    self.members[one.rank].connection.send("leave")

    @staticmethod
    def take(one: Ended, message: tuple) -> None:
        match message:
            case ("print", text):
                sys.stdout.write(text)
            case ("at", call):
                one.at = call
                one.trail += [call] if call else []
            case ("failed", failure, log):
                one.failure, one.log = failure, log
            case ("done", data, log):
                one.done, one.result, one.log = True, pickle.loads(data), log


def _forked() -> Forked:
    here, there = Pipe()
    watched, lifeline = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of pytest's or of coach's: they only read
        pid = os.fork()
    if pid:
        there.close()
        os.close(watched)
        return Forked(here, pid, lifeline)
    _be_rank(there, lambda: os.read(watched, 1), keep=(there.fileno(), watched))


def _be_rank(connection: Any, gone: Callable[[], object], keep: Sequence[int]) -> NoReturn:
    """In a fork: forgets all but these files, among them pipes whose ends other ranks must see; and works."""
    leave = os._exit
    try:
        for first, last in zip([2, *sorted(keep)], [*sorted(keep), os.sysconf("SC_OPEN_MAX")], strict=True):
            os.closerange(first + 1, last)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(name, signal.SIG_DFL)
        _end_with(gone)
        serve(connection)
    finally:
        leave(0)


START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from part4_distributed import ranks; ranks.{}()"


def _popen(entry: str, told: Any) -> subprocess.Popen:
    """A new Python that calls `ranks.<entry>()`; its standard input begins with `told`, and stays open while we live."""
    paths = json.dumps([os.path.abspath(path) for path in sys.path])
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", START.format(entry), paths]
    if "debugpy" in sys.modules and sys.platform == "linux":
        # Through a shell the debugger doesn't follow: in a fork it would close files whose numbers are others' by then.
        command = ["/bin/sh", "-c", 'exec "$0" "$@"', *command]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    assert process.stdin
    process.stdin.write((json.dumps(told) + "\n").encode())
    process.stdin.flush()
    return process


def _started(count: int, entry: str = "main") -> list[Started]:
    with Listener(authkey=(key := os.urandom(16))) as listener:
        told = {"address": listener.address, "key": key.hex()}
        processes = [_popen(entry, told) for _ in range(count)]
        members: list[Started] = []
        arguments = processes, members, listener.address, key
        threading.Thread(target=_report_deaths, args=arguments, daemon=True).start()
        while len(members) < count:
            connection = listener.accept()
            if not (pid := connection.recv()):
                raise RankFailed(say(zh="一个进程没能启动，见上面", en="a process could not be started: see above"))
            members.append(Started(connection, next(one for one in processes if one.pid == pid)))
    return members


def _report_deaths(processes: list[subprocess.Popen], members: list[Started], address: Any, key: bytes) -> None:
    """Comes to the door instead of a process that dies on its way to it; else it would be awaited for ever."""
    while len(members) < len(processes):
        if any(one.poll() is not None for one in processes):
            Client(address, authkey=key).send(0)
            return
        time.sleep(0.1)


def _nursery() -> "Nursery":
    if NURSERIES and NURSERIES[0].pid != os.getpid():
        NURSERIES.clear()
    if not NURSERIES:
        NURSERIES.append(Nursery())
    return NURSERIES[0]


class Nursery:
    """A process that has imported torch, and nothing but forks ranks: a new rank costs milliseconds, not seconds."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        (self.process,) = _started(1, "nurse")

    def ask(self, *question: Any) -> Any:
        self.process.connection.send(question)
        return self.process.connection.recv()

    def born(self, count: int) -> list[Nursed]:
        with Listener(authkey=(key := os.urandom(16))) as listener:
            found = []
            for _ in range(count):
                pid = self.ask("fork", listener.address, key)
                found.append(Nursed(listener.accept(), pid, self))
        return found

    def close(self) -> None:
        if self.pid == os.getpid():
            self.process.end()


def pickled(value: Any) -> bytes:
    """`value` with its functions: by value where another process can't import them, or would find an older file."""
    import cloudpickle

    own = [module for name, module in list(sys.modules.items()) if name.endswith(".answers") and module]
    for module in own:
        cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.dumps(value)
    finally:
        for module in own:
            cloudpickle.unregister_pickle_by_value(module)


# Inside a rank.


def main() -> None:
    """A process that was started: works, as long as its parent lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is our parent's: it ends us
    connection = _called_back()
    _end_with(sys.stdin.buffer.read)
    serve(connection)


def _called_back() -> Any:
    """The connection to the parent, whose address comes on the standard input."""
    told = json.loads(sys.stdin.buffer.readline())
    address = told["address"]
    connection = Client(tuple(address) if isinstance(address, list) else address, authkey=bytes.fromhex(told["key"]))
    connection.send(os.getpid())
    return connection


def nurse() -> None:
    """The process of a `Nursery`."""
    importlib.import_module("torch._dynamo")  # torch's optimisers would do it, in each rank anew
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is our parent's: it ends us
    connection, codes = _called_back(), {}
    while True:
        try:
            question = connection.recv()
        except (EOFError, OSError):
            return
        match question:
            case ("fork", address, key):
                if pid := os.fork():
                    connection.send(pid)
                    continue
                ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it goes when we do
                there = Client(address, authkey=key)
                _be_rank(there, threading.Event().wait, keep=[there.fileno()])
            case (what, pid):
                if what == "end" and pid not in codes:
                    os.kill(pid, signal.SIGKILL)
                codes[pid] = codes[pid] if pid in codes else os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                connection.send(codes[pid])


def _end_with(gone: Callable[[], object]) -> None:
    """Ends this process when `gone()` returns, whatever it does just then."""
    leave = os._exit

    def end() -> None:
        with contextlib.suppress(OSError, ValueError):
            gone()
        leave(1)

    threading.Thread(target=end, daemon=True).start()


class Rank:
    """What this process is at: its connection, and the calls that it has made."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.lock = connection, threading.Lock()
        self.log: list[tuple[str, int, int]] = []
        self.depth = 0  # how many noted calls we are in
        self.failed_in: BaseException | None = None  # what the last of them raised
        self.telling = True
        self.pending: list[Any] = []  # requests that nobody has waited for

    def say(self, *message: Any) -> None:
        with self.lock:
            self.connection.send(message)

    @contextlib.contextmanager
    def at(self, call: str) -> Iterator[None]:
        """Tells that it waits in `call`, the outermost counts."""
        outermost = self.depth == 0 and self.telling
        self.depth += 1
        if outermost:
            self.say("at", call)
        try:
            yield
        except BaseException as error:
            self.failed_in = error
            raise
        finally:
            self.depth -= 1
            if outermost:
                self.say("at", "")


RANKS: list[Rank] = []  # this one, in a process that is a rank


def hurry() -> None:
    """From here on this rank's calls aren't told to the parent, which costs time: for measuring. A deadlock lasts `seconds`."""
    for rank in RANKS:
        rank.telling = False


class Printed(io.TextIOBase):
    """A standard output that the parent prints, whole lines at a time."""

    def __init__(self, rank: Rank) -> None:
        self.rank, self.line = rank, ""

    def write(self, text: str) -> int:
        *lines, self.line = (self.line + text).split("\n")
        if lines:
            self.rank.say("print", "".join(f"{line}\n" for line in lines))
        return len(text)


def serve(connection: Any) -> None:
    """Does what comes, until nothing comes any more."""
    if sys.platform in ("linux", "darwin"):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo" if sys.platform == "linux" else "lo0")
    torch.set_num_threads(1)
    rank = Rank(connection)
    RANKS.append(rank)
    watch_calls(rank)
    while True:
        try:
            work(rank, connection.recv())
        except (EOFError, OSError):
            return


def work(rank: Rank, message: dict[str, Any]) -> None:
    """Joins the group, calls the function, says what came of it, and leaves the group."""
    number, size = message["rank"], message["world_size"]
    local = {"RANK": number, "LOCAL_RANK": number, "WORLD_SIZE": size, "LOCAL_WORLD_SIZE": size}
    os.environ.update({name: str(value) for name, value in local.items()})
    rank.log, rank.depth, rank.failed_in, rank.telling, rank.pending = [], 0, None, True, []
    store = dist.FileStore(message["store"], size)  # type: ignore
    limit = timedelta(seconds=message["seconds"])
    try:
        dist.init_process_group("gloo", store=store, rank=number, world_size=size, timeout=limit)
        function, args = pickle.loads(message["payload"])
        with contextlib.redirect_stdout(Printed(rank)):
            data = pickled(function(*args))
        said = ("done", data, rank.log)
    except BaseException as error:
        said = ("failed", failure(error, error is rank.failed_in), rank.log)
    rank.say(*said)
    rank.connection.recv()  # "leave": others may not have all that we sent, or not even be connected
    if dist.is_initialized():
        dist.destroy_process_group()


def failure(error: BaseException, communicating: bool) -> Failure:
    found = list(traceback.walk_tb(error.__traceback__))[1:]
    frames = [(frame.f_code.co_filename, line, frame.f_code.co_qualname) for frame, line in found]
    text = str(error).split("\nException raised from")[0]
    text = re.sub(r"^\[(?:enforce fail at )?/\S+\] ", "", text)  # a line of gloo's own source
    told = "".join(
        traceback.format_exception(error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))
    )
    kind = type(error) if type(error).__module__ in ("builtins", "torch", "torch.distributed") else RuntimeError
    return Failure(kind, text, told, frames, communicating)


def watch_calls(rank: Rank) -> None:
    """Replaces the calls of torch.distributed by ones that note themselves: who waits where, and how many bytes went out."""
    for name in (*POINT_TO_POINT, *COLLECTIVES):
        if original := getattr(dist, name, None):
            noted = _noted(rank, name, original)
            setattr(dist, name, noted)
            setattr(distributed_c10d, name, noted)
    waits, completed = dist.Work.wait, dist.Work.is_completed

    def wait(self: Any, *args: Any, **kwargs: Any) -> Any:
        rank.pending = [one for one in rank.pending if one is not self]
        with rank.at("wait"):
            return waits(self, *args, **kwargs)

    def is_completed(self: Any) -> bool:
        if done := completed(self):
            rank.pending = [one for one in rank.pending if one is not self]
        return done

    dist.Work.wait, dist.Work.is_completed = wait, is_completed  # type: ignore[method-assign]


def _noted(rank: Rank, name: str, original: Callable) -> Callable:
    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        other = _other(name, args, kwargs)
        if rank.depth == 0:
            tensor = args[0] if args else kwargs.get("tensor")
            size = tensor.numel() * tensor.element_size() if isinstance(tensor, torch.Tensor) else 0
            rank.log.append((name, other, size))
        with rank.at(name if other < 0 else f"{name} {'to' if 'send' in name else 'from'} {other}"):
            found = original(*args, **kwargs)
        if isinstance(found, dist.Work):
            rank.pending.append(found)
        return found

    return call


def _other(name: str, args: tuple, kwargs: dict) -> int:
    """The rank that a point-to-point call is with, -1 if it names none."""
    if name not in POINT_TO_POINT:
        return -1
    keys = ("dst", "group_dst") if "send" in name else ("src", "group_src")
    found = [args[1]] if len(args) > 1 else [kwargs[key] for key in keys if kwargs.get(key) is not None]
    return found[0] if found and isinstance(found[0], int) else -1
