"""Files that are whole or not there: written beside, then renamed; by one `coach` at a time."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

WAIT = 30.0  # seconds for another `coach` to be done
NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP}


@contextlib.contextmanager
def alone(memory: Path, wait: float = WAIT) -> Iterator[None]:
    """While it lasts no other `coach` writes what is the learner's; `Trouble` if one is still at it after `wait` seconds.

    A file system without locks lets everyone in.
    """
    import filelock

    from coach.words import Trouble

    _make(memory)
    lock = filelock.FileLock(memory / "lock", is_singleton=True)  # may be taken again by who has it
    try:
        lock.acquire(timeout=wait)
    except filelock.Timeout:
        zh = "另一个 coach 正在改你的文件：等它结束，再试一次。"
        en = "Another coach is changing your files: wait until it is done, then try again."
        raise Trouble(zh=zh, en=en) from None
    except NotImplementedError:
        pass
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    try:
        yield
    finally:
        lock.release()


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside, then renames: a reader sees the old file or the new one, never half of either.

    Keeps the permissions of what it replaces, and follows a link to it.
    """
    path = Path(os.path.realpath(path))
    temporary = beside(path, data)
    try:
        put(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def put(temporary: Path, path: Path) -> None:
    """Renames the one to the other, whose permissions it keeps."""
    if path.exists():
        temporary.chmod(path.stat().st_mode & 0o777)
    os.replace(temporary, path)


def create(path: Path, data: bytes) -> None:
    """Like `write_atomically`, but FileExistsError where `path` is there already, whoever made it and when."""
    temporary = beside(path, data)
    try:
        if os.name == "nt":
            os.rename(temporary, path)  # refuses to replace, on Windows
        else:
            os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: better a small race than half a file
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def hold(path: Path, temporary: Path) -> None:
    """Keeps what stands at `path` under `held(temporary)`, too, so that whoever writes to it still writes to something kept."""
    with contextlib.suppress(OSError):  # a file system without hard links, or nothing there
        os.link(path, held(temporary))


def held(temporary: Path) -> Path:
    return temporary.with_name(f"{temporary.name}.old")


def _make(folder: Path) -> None:
    """Makes it where it is not there. A file in its place is no folder: FileExistsError would be taken for the file to write."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), error.filename) from None


def beside(path: Path, data: bytes) -> Path:
    """A new file with `data`, in the folder of `path` and named after it."""
    _make(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
    except BaseException as error:  # the disk is full, say
        os.unlink(name)
        if isinstance(error, OSError):
            error.filename = error.filename or str(path)
        raise
    return Path(name)
