"""The author's door: `coach lesson check` says what is wrong in a lesson, `coach lesson new` writes one."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from coach.commands.group import Exit, json_option, known
from coach.commands.lines import line
from coach.course import lookup
from coach.course.workspace import Workspace
from coach.rules.page import BAD, WARNING, Finding, Page
from coach.words import say, show


class Door(click.Group):
    """A group whose errors are said as those of `coach` are."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        known(args, self.commands, "coach lesson")
        return super().resolve_command(ctx, args)


@click.group(cls=Door, invoke_without_command=True)
@click.pass_context
def lesson(ctx: click.Context) -> None:
    """For authors: check a lesson against the rules, or begin a new one. CONTRIBUTING.md tells more.

    给作者用：按规则检查一课，或开始写新的一课。详见 CONTRIBUTING.md。
    """
    if ctx.invoked_subcommand is None:
        show(ctx.get_help())


@lesson.command(short_help="What breaks a rule. 哪里不合规则。")
@click.argument("part", required=False)
@click.option("--quick", is_flag=True, help="Only what runs no code. / 只做不运行代码的检查。")
@json_option
@click.pass_obj
def check(workspace: Workspace, part: str | None, quick: bool, as_json: bool) -> int:
    """Say what breaks a rule, in one lesson, in a day, or in all. Exit code 1 if anything is ✗; ⚠ is advice.

    说出一课、一天或全部课里不合规则之处。有 ✗ 时退出码为 1；⚠ 只是建议。
    """
    lessons = lookup.lessons_called(workspace, part) if part else workspace.lessons
    if not lessons:
        workspace.check_lessons()
    marks = []
    for finding in _findings(workspace, lessons, quick):
        marks.append(finding.mark)
        _tell(workspace, finding, as_json)
    counts = {mark: marks.count(mark) for mark in (BAD, WARNING)}
    if as_json:
        line("rules", lessons=[lesson.name for lesson in lessons], wrong=counts[BAD], warnings=counts[WARNING])
    else:
        show(f"{len(lessons)} · " + "  ".join(f"{mark} {count}" for mark, count in counts.items()))
    return Exit.SOMETHING_WRONG if counts[BAD] else Exit.NOTHING_WRONG


def _findings(workspace: Workspace, lessons: list, quick: bool) -> Iterator[Finding]:
    from coach.rules.all import broken

    sys.path[:0] = [path for path in workspace.import_paths if path not in sys.path]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for one in lessons:
        yield from broken(Page(workspace, one), running=not quick)


def _tell(workspace: Workspace, finding: Finding, as_json: bool) -> None:
    if as_json:
        told = {"mark": {BAD: "wrong", WARNING: "warning"}[finding.mark], "rule": finding.rule}
        line("finding", **told, path=str(finding.path), line=finding.line, text=finding.text, fix=finding.fix)
        return
    show(f"{finding.mark} {workspace.shown(finding.path)}:{finding.line}: {finding.text}\n    → {finding.fix}")


@lesson.command(short_help="Begin a lesson. 新写一课。")
@click.argument("name", metavar="part<DAY>_<SUBJECT>")
@click.pass_obj
def new(workspace: Workspace, name: str) -> None:
    """Write a small lesson that passes every rule, for you to write over. Never over a folder that is there.

    写出一课合乎全部规则的小样，供你改写；从不动已有的文件夹。
    """
    from coach.rules.new import READMES, write

    written = write(workspace, name)
    for path in written:
        show(workspace.shown(path))
    for readme in READMES:
        if workspace.root / readme in written:
            show(
                say(
                    zh=f"{readme} 的表里加了一行：写上这一课要写什么",
                    en=f"{readme} has a new row in its table: say there what is written in the lesson",
                )
            )
        else:
            show(
                say(zh=f"请在 {readme} 的表里加一行", en=f"add a row to the table of {readme}")
                + f": | … | `{name}` | … |"
            )
    show(say(zh="下一步：", en="Next: ") + f"coach lesson check {name}")


@lesson.command(short_help="All lessons as notebooks. 全部课的 notebook。")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--source", required=True, help="The repository's address. / 仓库的地址。")
@click.pass_obj
def notebooks(workspace: Workspace, folder: Path, source: str) -> None:
    """Write every lesson as a notebook, in both languages, as the workflow publishes them. Nobody's answers are in it.

    把每一课写成两种语言的 notebook，和工作流发布的一样；里面没有任何人的答案。
    """
    from coach.answers.notebook import publish

    for path in publish(workspace, folder, source):
        show(workspace.shown(path))
