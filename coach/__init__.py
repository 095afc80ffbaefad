"""The course's tool: it knows lessons, tests and views, and nothing of any one day."""

TYPE_CHECKING = False  # as a checker reads it; `typing` takes its time

if TYPE_CHECKING:
    from coach.judging.calls import calling, calls, shares_memory, without
    from coach.judging.compare import close, holds, raises
    from coach.judging.judge import judged
    from coach.judging.mistakes import mistake, mistakes_of, variant, variants_of
    from coach.judging.trial import case
    from coach.words import say

_HOME = {
    "judging.calls": ["calling", "calls", "shares_memory", "without"],
    "judging.compare": ["close", "holds", "raises"],
    "judging.trial": ["case"],
    "judging.judge": ["judged"],
    "judging.mistakes": ["mistake", "mistakes_of", "variant", "variants_of"],
    "words": ["say"],
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}
__all__ = [
    "calling",
    "calls",
    "case",
    "close",
    "holds",
    "judged",
    "mistake",
    "mistakes_of",
    "raises",
    "say",
    "shares_memory",
    "variant",
    "variants_of",
    "without",
]


def __getattr__(name: str):
    """Imported when asked for: the command line must not wait for beartype and NumPy."""
    if name not in _MODULE:
        raise AttributeError(f"module 'coach' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"coach.{_MODULE[name]}"), name)
