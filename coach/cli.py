"""The entry point: whatever happens in its first moments, there is no traceback. It imports next to nothing itself."""

import itertools
import os
import signal
import sys


def main() -> None:
    """The command `coach`."""
    # Nothing is begun yet. Raised in the midst of an import, Ctrl+C would leave a traceback, or be swallowed.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    try:
        from coach.commands.root import coach

        coach()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if hiding := _hiding():
            sys.exit(
                f"✗ {hiding} 与 Python 自带的模块同名，挡住了它：改个名字。 / hides a module of Python's own: rename it."
            )
        if not isinstance(error, ModuleNotFoundError) or (error.name or "coach").startswith("coach"):
            raise
        sys.stderr.write(
            f"✗ {sys.executable} 缺少 {error.name}：先激活课程的环境（在 VS Code 里用 Python: Select Interpreter 选它），"
            f"或运行 pip install -r requirements.txt。 / {sys.executable} lacks {error.name}: activate the course's "
            "environment (in VS Code choose it with Python: Select Interpreter), or run pip install -r requirements.txt.\n"
        )
        sys.exit(2)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python's own end can't be interrupted without a traceback


def _hiding() -> str:
    """A file that stands before a module of Python's own, "" if there is none."""
    before = itertools.takewhile(lambda folder: folder != os.path.dirname(os.__file__), sys.path)
    files = (os.path.join(folder, f"{name}.py") for folder in before for name in sorted(sys.stdlib_module_names))
    return next(filter(os.path.isfile, files), "")


if __name__ == "__main__":
    main()
