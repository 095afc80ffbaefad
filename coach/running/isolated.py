"""Judging what a stranger wrote: without a network, and with no file to write to but in a folder of its own and in /dev.

Linux gives both to everybody who asks: a network of one's own (a user and a network namespace), in which nobody else is,
and Landlock (since Linux 5.13), which refuses writing elsewhere. `python -I isolated.py FOLDER -- PROGRAM…` becomes the
program so confined, or ends with status 77 and says why not. Of the environment it sees only what it needs.

For the rest it is a process of yours. Not confined are: reading; the permissions, owner and dates of your files; sockets in
the file system, so it can ask the program behind one (Docker, an ssh-agent) to do or to tell something; signals to your
other processes before Linux 6.12, and `truncate` before 6.2. What must not have that belongs in a container or a virtual
machine with nothing of yours in it.
"""

import ctypes
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

REFUSED = 77
# Variables that a program needs to run at all, and ours; a stranger's code gets to see no token.
KEPT = re.compile(
    r"(PATH|HOME|LANG|LC_\w+|TZ|LD_LIBRARY_PATH|VIRTUAL_ENV|(PYTHON|CONDA_PREFIX|COACH_|OMP_|MKL_|MPL)\w*)$"
)
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
NO_NEW_PRIVILEGES = 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every processor
# What Landlock's versions can refuse: writing, removing, making; moving elsewhere; cutting short.
WRITING = 1 << 1 | sum(1 << bit for bit in range(4, 13))
MOVING, CUTTING = 1 << 13, 1 << 14
NO_SOCKETS, NO_SIGNALS = 1 << 0, 1 << 1  # abstract sockets of other processes, and signals to them


def prefix(folder: Path) -> list[str]:
    """What to put before a command, so that it runs confined to `folder`."""
    return [sys.executable, "-I", __file__, str(folder), "--"]


def why_not() -> str:
    """Why this system can't confine a process; "" if it can."""
    if sys.platform != "linux":
        return f"{sys.platform}: Linux only"
    with tempfile.TemporaryDirectory(prefix="coach-") as folder:
        command = [*prefix(Path(folder)), sys.executable, "-I", "-c", ""]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    return "" if not done.returncode else done.stderr.strip() or f"exit {done.returncode}"


def main(folder: str, command: list[str]) -> None:
    try:
        leave_network()
        confine_writing(folder)
        kept = {name: value for name, value in os.environ.items() if KEPT.match(name)}
        os.execve(command[0], command, kept | {"TMPDIR": folder})
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(REFUSED)


def called(name: str, *arguments: object) -> int:
    """What a function of the C library returns; OSError where it failed."""
    result = getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def leave_network() -> None:
    """From here on there is the machine itself (127.0.0.1) and nothing else."""
    user, group = os.getuid(), os.getgid()
    called("unshare", NEW_USER | NEW_NETWORK)
    for file, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", file).write_text(text, encoding="ascii")
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def landlock() -> int:
    """The version that the kernel has; OSError where it has none."""
    try:
        return called("syscall", CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    except OSError as error:
        raise OSError(error.errno, f"Landlock, which Linux has since 5.13, is missing or off: {error}") from error


def confine_writing(folder: str) -> None:
    """From here on files can be written in `folder` and in /dev only, and no other process gets a signal, as far as the kernel can."""
    version = landlock()
    handled = WRITING | (MOVING if version >= 2 else 0) | (CUTTING if version >= 3 else 0)
    scoped = NO_SOCKETS | NO_SIGNALS
    asked = struct.pack("=QQQ", handled, 0, scoped) if version >= 6 else struct.pack("=Q", handled)
    ruleset = called("syscall", CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    for path in (folder, "/dev"):
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = ctypes.create_string_buffer(struct.pack("=Qi", handled, beneath))
        called("syscall", ADD_RULE, ruleset, 1, rule, 0)
        os.close(beneath)
    called("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    called("syscall", RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3:])
