"""The course's tool: it knows lessons, tests and views, and nothing of any one day."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coach.compare import close, holds, raises
    from coach.judge import judged
    from coach.mistakes import mistake, mistakes_of
    from coach.words import say

__all__ = ["close", "holds", "judged", "mistake", "mistakes_of", "raises", "say"]

_HOME = {"close": "compare", "holds": "compare", "raises": "compare", "judged": "judge", "say": "words"}


def __getattr__(name: str):
    """Imported when asked for: the command line must not wait for beartype and NumPy."""
    if name not in __all__:
        raise AttributeError(f"module 'coach' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"coach.{_HOME.get(name, 'mistakes')}"), name)
