"""The command watch, and how it speaks: to people, to a problem matcher, or in JSON lines."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from coach.commands.group import command, json_option
from coach.commands.lines import line, verdict_line
from coach.commands.shared import WHAT, limit_options, limits_of, problems_option, those_begun
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.judging.verdict import Verdict, problem, render
from coach.running import watch as watching
from coach.words import say, show

# How the lines around each judgement begin, in both languages: a background problem matcher looks for them.
BEGIN, END = "coach > ", "coach < "


@command
@click.argument("name", required=False, metavar=WHAT)
@limit_options
@problems_option
@json_option
def watch(
    workspace: Workspace,
    name: str | None,
    timeout: float | None,
    memory: float | None,
    problems: bool,
    as_json: bool,
) -> None:
    """Judge what you change each time you save it: in every day begun, in one, or one exercise. Ctrl+C ends it.

    每次保存就检查改动的部分：默认看所有已开始的课，也可以只看一课或一个练习；Ctrl+C 结束。
    """
    targets = lookup.target(workspace, name) if name else [(lesson, None) for lesson in workspace.lessons]
    those_begun(workspace, [lesson for lesson, _ in targets], named=bool(name))
    only = next((exercise for _, exercises in targets for exercise in exercises or ()), "")
    lessons = [lesson for lesson, _ in targets]
    follow(workspace, lessons, only, problems=problems, as_json=as_json, **limits_of(timeout, memory))


def follow(
    workspace: Workspace, lessons: list[Lesson], only: str, *, problems: bool, as_json: bool, **limits: Any
) -> None:
    """Watches until Ctrl+C."""
    teller = JsonTeller() if as_json else TextTeller(show, workspace.root if problems else None)
    watching.watch(workspace, lessons, teller, only=only, **limits)


@dataclass
class TextTeller:
    """Says it in words, by `tell`; and every ✗ that holds as a problem of the workspace at `root`, if one is given."""

    tell: Callable[[str], None]
    root: Path | None = None

    def waiting(self) -> None:
        self.tell(END + say(zh="等待保存……（Ctrl+C 结束）", en="waiting for a save (Ctrl+C ends this)"))

    def begin(self, lesson: Lesson, exercises: list[str]) -> None:
        self.tell(f"{BEGIN}{say(zh='正在评判', en='judging')} {lesson.name}: {', '.join(exercises)}".rstrip(": "))

    def verdict(self, lesson: Lesson, verdict: Verdict) -> None:
        self.tell(render(verdict))

    def cannot_judge(self, why: str) -> None:
        self.tell(why)

    def end(self, wrong: list[Verdict]) -> None:
        if self.root:
            for verdict in wrong:
                self.tell(problem(verdict, self.root))
        self.tell(END + say(zh="等待保存……", en="waiting for a save"))

    def interrupted(self) -> None:
        self.tell("")


class JsonTeller:
    """Says it in JSON lines: "waiting" at first, then for each save "begin", "verdict" for each test, and "end"."""

    def waiting(self) -> None:
        line("waiting")

    def begin(self, lesson: Lesson, exercises: list[str]) -> None:
        line("begin", lesson=lesson.name, exercises=exercises)

    def verdict(self, lesson: Lesson, verdict: Verdict) -> None:
        verdict_line(lesson, verdict)

    def cannot_judge(self, why: str) -> None:
        line("error", why=why)

    def end(self, wrong: list[Verdict]) -> None:
        line("end", wrong=[list(verdict.exercises) for verdict in wrong])

    def interrupted(self) -> None:
        pass
