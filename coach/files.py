"""Files that are whole or not there: written beside, then renamed."""

import errno
import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside, then renames: a reader sees the old file or the new one, never half of either.

    Keeps the permissions of what it replaces, and follows a link to it.
    """
    path = Path(os.path.realpath(path))
    temporary = _beside(path, data)
    try:
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def create(path: Path, data: bytes) -> None:
    """Like `write_atomically`, but FileExistsError where `path` is there already, whoever made it and when."""
    temporary = _beside(path, data)
    try:
        if os.name == "nt":
            os.rename(temporary, path)  # refuses to replace, on Windows
        else:
            os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: better a small race than half a file
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _beside(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
    except OSError:  # the disk is full, say
        os.unlink(name)
        raise
    return Path(name)
