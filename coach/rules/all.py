"""Every rule, in the order in which an author is told."""

from collections.abc import Iterator
from dataclasses import replace

from coach.rules.form import FORM, GROUND
from coach.rules.judged import IMPORTING, JUDGED
from coach.rules.page import BAD, Finding, Page, Rule
from coach.rules.text import TEXT
from coach.words import Trouble, say

RULES = (*GROUND, *FORM, *TEXT, *IMPORTING, *JUDGED)


def broken(page: Page, *, running: bool = True) -> Iterator[Finding]:
    """What breaks a rule. The rest stands on the first few, and nothing is imported that isn't silent.

    With `running` false, nothing of the lesson is executed.
    """
    for rules in (GROUND, (*FORM, *TEXT), *((IMPORTING, JUDGED) if running else ())):
        found = False
        for rule in rules:
            for finding in _calm(rule, page):
                found = found or finding.mark == BAD
                yield finding
        if found and rules in (GROUND, IMPORTING):
            return


def _calm(rule: Rule, page: Page) -> Iterator[Finding]:
    """What the rule finds; a lesson that it stumbles over is a finding, too."""
    try:
        yield from rule(page)
    except Exception as error:
        what = str(error) if isinstance(error, Trouble) else repr(error)
        fix = say(zh="先改好别的，再检查一次", en="mend the rest first, and check again")
        zh, en = f"这条规则没能查完：{what}", f"this rule could not be asked to the end: {what}"
        found = page.bad(1, fix, zh=zh, en=en)
        yield replace(found, rule=rule.__name__)
