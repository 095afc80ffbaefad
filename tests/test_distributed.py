"""Day 4's processes: torchrun on one machine and on two "nodes", a restart from the last checkpoint, and what is left running."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch
import torch.distributed as dist

from coach.course.workspace import Workspace

WORKSPACE = Workspace(Path(__file__).resolve().parents[1])
LESSON = WORKSPACE.root / "chapter0_fundamentals" / "exercises" / "part4_distributed"
TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]

ranks = pytest.importorskip("part4_distributed.ranks")
SOON = ranks.PATIENCE - 10  # seconds: whoever isn't ended by what the test is about is ended by `PATIENCE` only
torchrun = pytest.mark.skipif(
    os.name == "nt", reason="torchrun's rendezvous needs libuv, which torch for Windows lacks"
)


@pytest.fixture(autouse=True)
def nothing_is_left():
    """What a test starts, ends with it: no child of ours, and of them none."""
    before = set(psutil.Process().children(recursive=True))
    yield
    ranks.close()
    assert not [child for child in psutil.Process().children(recursive=True) if child not in before]


def begin(*words: str) -> "subprocess.Popen[str]":
    environment = WORKSPACE.environment() | {"OMP_NUM_THREADS": "1"}
    command = [*TORCHRUN, *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=LESSON, env=environment, **pipes)  # type: ignore


def last_line(process: "subprocess.Popen[str]") -> str:
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0, output
    return output.strip().split("\n")[-1]


# The helper of the lesson


def ring_of(x: torch.Tensor) -> torch.Tensor:
    from part4_distributed.solutions import ring_all_reduce

    ring_all_reduce(x)
    return x


@pytest.mark.parametrize("n", [2, 3, 4])
def test_results_come_back_by_rank(n):
    assert [x.tolist() for x in ranks.run(n, ring_of, torch.ones(5))] == [[float(n)] * 5] * n


def raising() -> None:
    if dist.get_rank() == 1:
        raise KeyError("this one")
    dist.barrier()


def test_a_rank_that_raises_ends_all_with_its_traceback():
    begun = time.monotonic()
    with pytest.raises(ranks.RankFailed, match=r"(?s)rank 1: KeyError.*in raising.*KeyError: 'this one'"):
        ranks.run(3, raising)
    assert time.monotonic() - begun < SOON


def dying() -> None:
    if dist.get_rank() == 2:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)
    dist.all_reduce(torch.ones(3))


def test_a_rank_that_dies_is_an_error_for_the_others_and_no_hang():
    begun = time.monotonic()
    ended = ranks.together(3, dying)
    assert ended[2].died == -signal.SIGTERM or os.name == "nt"
    assert ended[0].failure and ended[1].failure
    assert time.monotonic() - begun < SOON


def waiting() -> None:
    dist.recv(torch.zeros(1), (dist.get_rank() + 1) % dist.get_world_size())


def test_a_deadlock_names_who_waits_where():
    with pytest.raises(ranks.RankFailed, match=r"(?s)rank 0 .*recv from 1.*rank 1 .*recv from 0"):
        ranks.run(2, waiting)


def endless() -> None:
    while dist.get_rank() == 0:
        pass


def test_an_endless_loop_ends_with_its_time():
    begun = time.monotonic()
    with pytest.raises(ranks.RankFailed, match="rank 0"):
        ranks.run(2, endless, seconds=2)
    assert time.monotonic() - begun < SOON


CELL = """
from part4_distributed import ranks
import torch.distributed as dist
base = 10
def mine(x):
    return base * x + dist.get_rank()
def run(ranks=ranks):
    return ranks.run(3, mine, 2)
print(run())
"""


@pytest.mark.slow
@pytest.mark.parametrize("started", [[], ["ranks.sys.platform = 'other'"]], ids=["nursed", "started"])
def test_a_function_of_main_works_where_nothing_is_forked(started):
    """As in a kernel, whose functions no other process can import; and as on Windows and macOS, by fresh processes."""
    lines = CELL.strip().split("\n")
    code = "\n".join([lines[0], "ranks.forks = lambda: False", *started, *lines[1:]])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=WORKSPACE.environment(), timeout=120
    )
    assert done.stdout.strip() == "[20, 21, 22]", done.stderr


def test_ranks_end_with_the_process_that_made_them():
    """Even when that one is killed, and a rank computes without end."""
    code = (
        "from part4_distributed import ranks\nimport os, torch.distributed as dist\n"
        "def f():\n    print(os.getpid(), flush=True)\n    while True: pass\nranks.run(2, f)"
    )
    environment = WORKSPACE.environment() | {"OMP_NUM_THREADS": "1"}
    parent = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 10
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(psutil.pid_exists, pids))


# torchrun


@torchrun
@pytest.mark.slow
def test_torchrun_trains_in_two_processes():
    assert "right: 9" in last_line(begin("--standalone", "--nproc-per-node=2", "train.py", "--course", "--epochs=2"))


@torchrun
@pytest.mark.slow
def test_two_nodes_meet_on_one_machine():
    """Two agents and one rendezvous: a rehearsal of a cluster."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meeting = ["--rdzv-backend=c10d", f"--rdzv-endpoint=localhost:{port}", "--rdzv-id=try"]
    words = ["--nnodes=2", "--nproc-per-node=2", *meeting, "train.py", "--course", "--epochs=1"]
    nodes = [begin(*words), begin(*words)]
    outputs = [node.communicate(timeout=180)[0] for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], "\n".join(outputs)
    assert "4 x cpu, gloo: 24 steps" in "".join(outputs)


@torchrun
@pytest.mark.slow
def test_a_restart_goes_on_from_the_last_checkpoint(tmp_path):
    """The last rank dies in its second epoch; the losses and the accuracy are those of a run without a death."""
    words = ["--standalone", "--nproc-per-node=2", "--max-restarts=1", "train.py", "--course", "--epochs=2"]
    straight = last_line(begin(*words))
    died = begin(*words, "--die", "--checkpoint", str(tmp_path / "run.pt"))
    output, _ = died.communicate(timeout=180)
    assert died.returncode == 0 and "rank 1 dies" in output and "exitcode: 13" in output, output
    assert output.strip().split("\n")[-1] == straight
    assert torch.load(tmp_path / "run.pt", weights_only=True)["epoch"] == 2


@torchrun
@pytest.mark.slow
def test_torchrun_ends_all_when_one_dies_for_good():
    begun = time.monotonic()
    process = begin("--standalone", "--nproc-per-node=2", "train.py", "--course", "--die")
    output, _ = process.communicate(timeout=180)
    assert process.returncode and "exitcode  : 13" in output, output
    assert time.monotonic() - begun < 120
