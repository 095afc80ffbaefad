"""What `--json` prints: one object a line, in UTF-8. `kind` says which; JSON.md beside this file describes them all."""

import dataclasses
import json
import sys
from typing import Any

from coach.course.lesson import Lesson
from coach.judging.verdict import Verdict
from coach.words import RIGHT, UNWRITTEN, WRONG

MARKS = {RIGHT: "right", WRONG: "wrong", UNWRITTEN: "unwritten"}


def line(kind: str, **fields: Any) -> None:
    """Prints one object; its text is ASCII, so that every console and pipe carries it."""
    sys.stdout.write(json.dumps({"kind": kind} | fields) + "\n")
    sys.stdout.flush()


def verdict_line(lesson: Lesson, verdict: Verdict) -> None:
    """A verdict; `exercises` is empty where it is on the whole file."""
    fields = dataclasses.asdict(verdict)
    if not verdict.test:
        fields["exercises"] = []
    line("verdict", **fields | {"lesson": lesson.name, "mark": MARKS[verdict.mark], "text": str(verdict)})
