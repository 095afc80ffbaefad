"""Starts `coach.running.server` where no file of a checkout can hide a package: the checkout's folders come behind all of them.

`python -P boot.py FOLDER... -- ARGUMENT...`; in PYTHONPATH the folders would stand before Python's own.
"""

import os
import site
import sys


def arranged(paths: list[str], ours: list[str], given: list[str]) -> list[str]:
    """Of `paths` what is Python's own and what is installed, then `ours`, then those `given` in PYTHONPATH, then the rest."""
    installed = {*site.getsitepackages(), site.getusersitepackages()}
    found = [path for path in paths if path not in given]
    first = next((i for i, path in enumerate(found) if path in installed), len(found))
    packages = [path for path in found[first:] if path in installed]
    linked = [path for path in found[first:] if path not in installed]  # by a .pth: perhaps another checkout
    return [*found[:first], *packages, *ours, *given, *linked]


if __name__ == "__main__":
    end = sys.argv.index("--")
    given = [os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = arranged(sys.path, sys.argv[1:end], given)
    from coach.running.server import main

    main(sys.argv[end + 1 :])
