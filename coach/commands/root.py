"""`coach` itself. It starts quickly: what a command needs is imported when that command runs."""

import click

from coach.commands.group import Coach, interruptible, lang_option
from coach.commands.shared import at
from coach.course import lookup
from coach.course.workspace import Workspace
from coach.words import language, say, show


@click.group(cls=Coach, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@lang_option
@click.pass_context
def coach(ctx: click.Context) -> None:
    """Learn by writing: start a day, write in answers.py, check.

    在 answers.py 里写，用 check 检查：开始新的一天用 start。
    """
    if ctx.invoked_subcommand is None:
        interruptible()
        _where(ctx.obj)


def _where(workspace: Workspace) -> None:
    """Where the learner stands, read off the files, and what to do next."""
    from coach.commands import progress

    lookup.days_of(workspace)
    stubs = {lesson: progress.stubs(lesson) for lesson in workspace.lessons if lesson.started}
    if not stubs:
        show(say(zh="还没有开始。下一步：coach start 1", en="Nothing is begun. Next: coach start 1"))
        return
    for lesson, left in stubs.items():
        zh, en = (
            f"{len(lesson.names)} 个练习，{len(left)} 个还没有写",
            f"{len(left)} of {len(lesson.names)} are still stubs",
        )
        show(f"{lesson.title[language()]}: {say(zh=zh, en=en)}")
    last_saved = max(stubs, key=lambda lesson: (bool(stubs[lesson]), lesson.answers.stat().st_mtime_ns))
    for exercise in stubs[last_saved][:1]:
        place = at(workspace, last_saved, exercise)
        show(say(zh=f"下一步：{exercise}  {place}", en=f"Next: {exercise}  {place}"))
    zh = "检查刚保存的：coach check · 全部进度：coach progress · 新的一天：coach start"
    en = "Check what you saved last: coach check · all of it: coach progress · a new day: coach start"
    show(say(zh=zh, en=en))
