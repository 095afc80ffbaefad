"""Every rule, in the order in which an author is told."""

from collections.abc import Iterator

from coach.rules.form import FORM, GROUND
from coach.rules.judged import IMPORTING, JUDGED
from coach.rules.page import BAD, Finding, Page
from coach.rules.text import TEXT

RULES = (*GROUND, *FORM, *TEXT, *IMPORTING, *JUDGED)


def broken(page: Page, *, running: bool = True) -> Iterator[Finding]:
    """What breaks a rule. The rest stands on the first few, and nothing is imported that isn't silent.

    With `running` false, nothing of the lesson is executed.
    """
    for rules in (GROUND, (*FORM, *TEXT), *((IMPORTING, JUDGED) if running else ())):
        found = False
        for rule in rules:
            for finding in rule(page):
                found = found or finding.mark == BAD
                yield finding
        if found and rules in (GROUND, IMPORTING):
            return
