"""The learner's language, and text that every console can print."""

import codecs
import io
import locale
import os
import re
import sys
from collections.abc import Callable
from functools import cache, partial

from coach.state import stored
from coach.where import checkout, state_file

LANGUAGES = ("zh", "en")  # two by design: every text is written as a pair, `say(zh=, en=)`, where it is said


UNWRITTEN, WRONG, RIGHT = "○", "✗", "✓"


# A Chinese Windows console often encodes in GBK, which has no check mark.
PLAIN = str.maketrans({"✓": "√", "✗": "×", "·": "-", "│": "|", "─": "-", "›": ">", "⚠": "!", "…": "..."})


@cache
def system_language() -> str:
    """The system's language: "zh" or "en"."""
    name = next((os.environ[v] for v in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(v)), "")
    if not name or name.split(".")[0] in ("C", "POSIX"):
        name = locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def language() -> str:
    """The language to speak: `COACH_LANG`, else what `coach --lang` stored, else the system's.

    A file that can't be read says nothing here: whoever opens a `State` sets it aside, and tells.
    """
    chosen = os.environ.get("COACH_LANG", "")
    if chosen not in LANGUAGES:
        chosen = (stored(state_file(checkout())) or {}).get("lang", "")
    return chosen if chosen in LANGUAGES else system_language()


def say(*, zh: str, en: str) -> str:
    """The one of the two that the learner reads."""
    if os.environ.get("COACH_LANG") == BOTH:
        return f"{OPEN}{zh}{BETWEEN}{en}{CLOSE}"
    return zh if language() == "zh" else en


# The book runs a lesson once for both languages: `COACH_LANG=both` makes `say` give both in one text, between these
# characters, which Unicode leaves to private use.
BOTH = "both"
OPEN, BETWEEN, CLOSE = "\ue0b0", "\ue0b1", "\ue0b2"
PAIR = re.compile(f"{OPEN}([^{OPEN}{BETWEEN}{CLOSE}]*){BETWEEN}([^{OPEN}{BETWEEN}{CLOSE}]*){CLOSE}")


def told_in(lang: str, text: str) -> str:
    """`text` in one language, wherever `say` wrote both; of a pair within a pair, the inner first."""
    group = 1 + LANGUAGES.index(lang)
    while (chosen := PAIR.sub(lambda pair: pair[group], text)) != text:
        text = chosen
    return text


def in_each(make: Callable[[str], str], text: str) -> str:
    """`make(text)`, in each language by itself where `text` holds both: for what measures or cuts a text."""
    if OPEN not in text:
        return make(text)
    zh, en = (make(told_in(lang, text)) for lang in LANGUAGES)
    return f"{OPEN}{zh}{BETWEEN}{en}{CLOSE}"


def printable(text: str, encoding: str | None) -> str:
    """`text` with what `encoding` lacks replaced by its nearest plain sign."""
    try:
        text.encode(encoding or "utf-8")
        return text
    except UnicodeEncodeError:
        plain = text.translate(PLAIN)
        return plain.encode(encoding or "utf-8", "replace").decode(encoding or "utf-8")


class Trouble(Exception):
    """What keeps the tool from doing what was asked, in the learner's language, with what to do next."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(say(zh=zh, en=en))

    @classmethod
    def told(cls, text: str) -> "Trouble":
        """One whose text is in the learner's language already."""
        return cls(zh=text, en=text)


def survive_any_console() -> None:
    """From here on, what a stream's encoding lacks is printed as its nearest plain sign, whoever prints it.

    What is typed in another encoding than the terminal's is read as well as it can be.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # one handler for each encoding: an error of a code page tells only that it is a "charmap"
            codecs.register_error(f"coach-{stream.encoding}", partial(_nearest, stream.encoding))
            stream.reconfigure(errors=f"coach-{stream.encoding}")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _nearest(encoding: str, error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(printable(c, encoding) for c in lost), error.end


# What would clear or retitle a terminal, hide the rest of a line, or turn its reading round.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """`text` with every control character but the newline and the tab written out, as Python would: `\\x1b`."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def show(text: str) -> None:
    """Prints at once; never fails for want of a character."""
    print(printable(text, getattr(sys.stdout, "encoding", None)), flush=True)


COLOURS = {"red": 31, "green": 32, "yellow": 33, "bold": 1, "dim": 2}


def coloured(text: str, *names: str) -> str:
    """`text` as a terminal shows it in these colours."""
    return f"\x1b[{';'.join(str(COLOURS[name]) for name in names)}m{text}\x1b[0m"
