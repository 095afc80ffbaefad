"""The commands that judge once: check, progress, solution."""

from typing import TYPE_CHECKING, Any

import click

from coach.commands.group import Exit, command, json_option
from coach.commands.shared import (
    WHAT,
    exit_code,
    isolated_option,
    judge_all,
    limit_options,
    limits_of,
    problems_option,
    terminal,
    those_begun,
)
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.percent import MARK
from coach.course.workspace import Workspace
from coach.words import RIGHT, UNWRITTEN, WRONG, language, say, show

if TYPE_CHECKING:
    from coach.judging.verdict import Verdict


@command
@click.argument("name", required=False, metavar=WHAT)
@limit_options
@isolated_option
@problems_option
@json_option
def check(
    workspace: Workspace,
    name: str | None,
    timeout: float | None,
    memory: float | None,
    isolated: bool,
    problems: bool,
    as_json: bool,
) -> int:
    """Judge what you wrote: the file saved last, or one exercise, day, lesson, file, or the exercise at a line.

    检查你写的：默认是刚保存的文件，也可以是一个练习、一天、一课、一个文件，或某一行所在的练习。

    \b
    Exit code: 0 all right ✓, 1 something is wrong ✗, 2 could not be checked,
    3 nothing is wrong but something is not written yet ○.
    退出码：0 全对 ✓；1 有错 ✗；2 无法检查；3 没有错，但有还没写的 ○。
    """
    targets = lookup.target(workspace, name) if name else [(workspace.saved_last(), None)]
    begun = those_begun(workspace, [lesson for lesson, _ in targets], named=True)

    def each(lesson: Lesson, verdict: "Verdict", console: Any) -> None:
        if as_json:
            from coach.commands.lines import verdict_line

            verdict_line(lesson, verdict)
            return
        _show_verdict(verdict, console)
        if problems and verdict.mark == WRONG:
            from coach.judging.verdict import problem

            console.print(problem(verdict, workspace.root), soft_wrap=True, style="dim")

    named = [(lesson, exercises) for lesson, exercises in targets if lesson in begun]
    verdicts = judge_all(workspace, named, each=each, bar=not as_json, isolated=isolated, **limits_of(timeout, memory))
    counts = {mark: sum(v.mark == mark for v in verdicts) for mark in (RIGHT, WRONG, UNWRITTEN)}
    if as_json:
        from coach.commands.lines import MARKS, line

        line("summary", **{MARKS[mark]: count for mark, count in counts.items()})
    else:
        show("  ".join(f"{mark} {count}" for mark, count in counts.items()))
    return exit_code(verdicts)


def _show_verdict(verdict: "Verdict", console: Any) -> None:
    from rich.text import Text

    from coach.judging.verdict import render

    console.print(Text.from_ansi(render(verdict)), soft_wrap=True)


@command
@click.argument("name", metavar="EXERCISE|FILE:LINE")
@click.option("--reveal", is_flag=True, help="Even if yours does not pass yet. / 还没通过也显示。")
@json_option
def solution(workspace: Workspace, name: str, reveal: bool, as_json: bool) -> int:
    """Show what differs between your answer and the course's, once yours passes.

    你的答案通过之后，显示它与参考答案的不同。
    """
    lesson, exercise = lookup.exercise_called(workspace, name)
    if not reveal:
        if not lesson.started:
            raise lesson.not_begun()
        code = exit_code(judge_all(workspace, [(lesson, [exercise])], bar=not as_json))
        if code != Exit.NOTHING_WRONG:
            called = lookup.name_of(workspace, lesson, exercise)
            zh = f"{exercise} 还没有通过：coach check {called}。仍然要看：coach solution {called} --reveal"
            en = f"{exercise} does not pass yet: coach check {called}. To see it all the same: coach solution {called} --reveal"
            _tell_solution(lesson, exercise, None, as_json, passes=False, why=say(zh=zh, en=en))
            return code
    difference = _difference(workspace, lesson, exercise)
    _tell_solution(lesson, exercise, difference, as_json, passes=None if reveal else True)
    return Exit.NOTHING_WRONG


def _difference(workspace: Workspace, lesson: Lesson, exercise: str) -> list[str]:
    import difflib

    from coach.answers import learner

    solved = [line for line in learner.cell(lesson.text, exercise) if line.strip() != MARK]
    own = learner.learners_cell(lesson, exercise) if lesson.started else learner.cell(lesson.view(language()), exercise)
    names = [workspace.shown(lesson.answers), workspace.shown(lesson.solutions)]
    return list(difflib.unified_diff(own, solved, *names, n=len(solved), lineterm=""))


def _tell_solution(
    lesson: Lesson, exercise: str, lines: list[str] | None, as_json: bool, *, passes: bool | None, why: str = ""
) -> None:
    """Shows the difference; with None, why it is not shown. `passes` is None where the test was not asked."""
    if as_json:
        from coach.commands.lines import line

        diff = None if lines is None else "\n".join(lines)
        line("solution", lesson=lesson.name, exercise=exercise, passes=passes, diff=diff, why=why)
        return
    if lines is None:
        show(why)
        return
    styles = {"+": "green", "-": "red", "@": "dim"}
    console = terminal()
    for written in lines:
        console.print(written, style=styles.get(written[:1], ""), soft_wrap=True)
    if not lines:
        show(say(zh="与参考答案一字不差。", en="Yours is the course's, letter for letter."))


@command
@isolated_option
@json_option
def progress(workspace: Workspace, isolated: bool, as_json: bool) -> None:
    """Ask the tests where you stand; nothing is stored, nothing is claimed.

    用测试看你学到了哪里；不存记录，只看结果。
    """
    from coach.commands import progress as standings

    begun = those_begun(workspace, workspace.lessons, named=False)
    found = []
    for lesson in begun:
        judged = judge_all(workspace, [(lesson, None)], bar=not as_json, isolated=isolated)
        verdicts = standings.by_exercise(judged, lesson.names)
        found.append(standings.standing(lesson, verdicts, workspace.state))
    if as_json:
        for one in found:
            standings.lines(one)
    else:
        standings.show_all(found)
