"""What several commands need."""

import contextlib
import functools
import io
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from coach.commands.group import Exit, json_option
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.words import UNWRITTEN, WRONG, Trouble, say, show

if TYPE_CHECKING:
    from coach.judging.verdict import Verdict

WHAT = "[EXERCISE|DAY|LESSON|FILE|FILE:LINE]"
Targets = list[tuple[Lesson, list[str] | None]]  # a lesson, and which of its exercises (None: all)


class Number(click.FloatRange):
    """A number between two others, which NaN is not: no comparison keeps it out."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        return self.fail(f"{value!r} is no number.", param, ctx) if number != number else number


class Place(click.Path):
    """A file or a folder to write to; "" is none, though Python takes it for the folder that one is in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        told = say(zh="名字是空的", en="the name is empty")
        return super().convert(value, param, ctx) if str(value) else self.fail(told, param, ctx)


def limit_options(command: Callable) -> Callable:
    seconds, gib = Number(min=0.01, max=24 * 3600), Number(min=0.1, max=1 << 16)
    timeout = click.option("--timeout", type=seconds, help="Seconds for each test. / 每个测试的秒数。")
    return timeout(click.option("--memory", type=gib, help="GiB of memory. / 内存上限（GiB）。")(command))


def said_option(function: Callable) -> Callable:
    """`--json` for a command that only tells what it did: all of it becomes one object."""

    @functools.wraps(function)
    def told(*args: Any, as_json: bool, **extra: Any) -> Any:
        if not as_json:
            return function(*args, **extra)
        from coach.commands.lines import line

        with contextlib.redirect_stdout(io.StringIO()) as text:
            code = function(*args, **extra)
        line("said", text=text.getvalue().strip())
        return code

    return json_option(told)


def limits_of(timeout: float | None, memory: float | None) -> dict[str, Any]:
    return {"seconds": timeout, "memory": int(memory * (1 << 30)) if memory else None}


def isolated_option(command: Callable) -> Callable:
    told = "Without a network: for what others wrote. / 断网评判：用于别人写的代码。"
    return click.option("--isolated", is_flag=True, help=told)(command)


def problems_option(command: Callable) -> Callable:
    return click.option(
        "--problems", is_flag=True, help="Lines for a problem matcher, too. / 另外打印给编辑器用的问题行。"
    )(command)


def terminal() -> Any:
    """A rich console on the standard output as it is now; it changes nothing of a text's numbers and brackets."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    console.on_broken_pipe = _nobody_reads  # rich would end the process, as if something were wrong
    return console


def _nobody_reads() -> None:
    raise BrokenPipeError


ROOM = 8  # columns that a cell needs if it is to be read folded


def show_table(titles: list[str], rows: list[list[str]], *, folding: set[int], right: Iterable[int] = ()) -> None:
    """A table whose columns keep their words whole, all but the `folding` ones; in too narrow a terminal, a list.

    What must be typed is never cut.
    """
    from rich.cells import cell_len
    from rich.table import Table

    console = terminal()
    widths = [max(cell_len(row[i]) for row in [titles, *rows]) for i in range(len(titles))]
    needed = sum(min(width, ROOM) if i in folding else width for i, width in enumerate(widths)) + 2 * len(titles)
    if needed > console.width:
        return _show_list(titles, rows)
    table = Table(box=None, pad_edge=False)
    for i, title in enumerate(titles):
        table.add_column(title, justify="right" if i in right else "left", no_wrap=i not in folding, overflow="fold")
        table.columns[i].min_width = None if i in folding else widths[i]
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _show_list(titles: list[str], rows: list[list[str]]) -> None:
    for first, *rest in rows:
        told = (" ".join(filter(None, (title, cell))) for title, cell in zip(titles[1:], rest, strict=True) if cell)
        show("\n  ".join([first, *told]))


def at(workspace: Workspace, lesson: Lesson, exercise: str) -> str:
    """`path:line` of the exercise in the learner's file."""
    from coach.answers import learner

    return f"{workspace.shown(lesson.answers)}:{learner.line_of(lesson, exercise)}"


def exit_code(verdicts: Iterable["Verdict"]) -> int:
    marks = {verdict.mark for verdict in verdicts}
    if WRONG in marks:
        return Exit.SOMETHING_WRONG
    return Exit.SOMETHING_UNWRITTEN if UNWRITTEN in marks else Exit.NOTHING_WRONG


def of_day(workspace: Workspace, day: str | None) -> list[Lesson]:
    """The lessons of that day, or of the day worked on last."""
    return lookup.lessons_called(workspace, day or str(workspace.saved_last().day))


def those_begun(workspace: Workspace, lessons: list[Lesson], *, named: bool) -> list[Lesson]:
    """Those of `lessons` that are begun; where none is, `Trouble` says how to begin (the one that was named)."""
    begun = [lesson for lesson in lessons if lesson.started]
    if not begun:
        raise (lessons[0] if named else workspace.saved_last()).not_begun()
    return begun


def judge_all(
    workspace: Workspace,
    targets: Targets,
    each: Callable[[Lesson, "Verdict", Any], None] = lambda lesson, verdict, console: None,
    *,
    bar: bool = True,
    **limits: Any,
) -> list["Verdict"]:
    """The verdicts on the targets, each shown by `each` as it comes, with a `bar` below on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console, found = terminal(), []
    columns = TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), MofNCompleteColumn()
    shown = bar and console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as progress:
        for lesson, exercises in targets:
            found += _judge_lesson(workspace, lesson, exercises, progress, each, limits)
    return found


def _judge_lesson(
    workspace: Workspace, lesson: Lesson, exercises: list[str] | None, bar: Any, each: Callable, limits: dict[str, Any]
) -> list["Verdict"]:
    from coach.running import runner

    task = bar.add_task(lesson.name, total=len(exercises or lesson.names))

    def on_begin(exercise: str) -> None:
        bar.update(task, description=f"{lesson.name} · {exercise}")

    def on_verdict(verdict: "Verdict") -> None:
        bar.advance(task)
        each(lesson, verdict, bar.console)

    try:
        return runner.check(workspace, lesson, exercises, on_verdict=on_verdict, on_begin=on_begin, **limits)
    except runner.CannotJudge as error:
        raise Trouble.told(str(error)) from error
    finally:
        bar.remove_task(task)
