"""`coach dojo`: practise git and the shell with the real programs, in a folder of its own."""

import importlib
from pathlib import Path

import click

from coach.commands.group import Exit, command, json_option
from coach.commands.lines import line
from coach.commands.shared import Place as Folder
from coach.course.workspace import Workspace
from coach.dojo.dojo import Dojo, Place, Step, Words, default_home, told
from coach.words import RIGHT, UNWRITTEN, say, show

DOJOS = ("git", "unix")


@command
@click.argument("name", type=click.Choice(DOJOS))
@click.option("--hint", "hinted", is_flag=True, help="The next hint for this step. / 这一步的下一条提示。")
@click.option("--reset", "again", is_flag=True, help="Begin anew; the old folder is set aside. / 重新开始，旧的留着。")
@click.option("--at", "home", type=Folder(path_type=Path, file_okay=False), help="Where. / 放在哪里。")
@json_option
def dojo(workspace: Workspace, name: str, hinted: bool, again: bool, home: Path | None, as_json: bool) -> int:
    """Practise git or the shell with the real programs, in a folder of its own outside of every repository.

    用真正的程序练习 git 或 shell，在一个独立的文件夹里，不碰你的任何仓库。
    """
    found: Dojo = importlib.import_module(f"coach.dojo.{name}").DOJO
    home = (home or default_home()).expanduser().absolute()
    if again and (aside := found.reset(home)):
        click.echo(say(zh=f"原来的文件夹在 {aside}", en=f"the folder as it was: {aside}"), err=as_json)
    place = found.place(home, say(zh="zh", en="en"))
    done, missing = found.judge(place)
    hints = _hints(workspace, found, done, hinted)
    if as_json:
        _lines(found, place, done, missing, hints)
    else:
        _show(found, place, done, missing, hints)
    return Exit.SOMETHING_UNWRITTEN if missing else Exit.NOTHING_WRONG


def _hints(workspace: Workspace, found: Dojo, done: int, hinted: bool) -> tuple[Words, ...]:
    """The hints of the current step that were asked for so far, one more if `hinted`."""
    if done == len(found.steps):
        return ()
    step = found.steps[done]
    shown = min(workspace.state.hints_shown(found.hint_key(step)), len(step.hints))
    if hinted and shown < len(step.hints):
        shown += 1
        workspace.state.show_hints(found.hint_key(step), shown)
    return step.hints[:shown]


def _show(found: Dojo, place: Place, done: int, missing: Words | None, hints: tuple[Words, ...]) -> None:
    show(f"{told(found.title, place)} · {done}/{len(found.steps)} · {place.root}\n")
    if done:
        show(f"{RIGHT} " + " ".join(step.name for step in found.steps[:done]))
    if missing:
        _show_step(found, place, found.steps[done], missing, hints)
    else:
        zh = f"全部完成。再来一遍：coach dojo {found.name} --reset"
        show(say(zh=zh, en=f"All done. Once more: coach dojo {found.name} --reset"))
    if picture := found.draw(place):
        show("\n" + picture)


def _show_step(found: Dojo, place: Place, step: Step, missing: Words, hints: tuple[Words, ...]) -> None:
    show(f"{UNWRITTEN} {step.name}: {told(step.task, place)}")
    for number, hint in enumerate(hints, 1):
        show(say(zh=f"  提示 {number}：", en=f"  hint {number}: ") + told(hint, place))
    show(say(zh="  现在：", en="  now: ") + told(missing, place))
    more = f"coach dojo {found.name} --hint" if len(hints) < len(step.hints) else ""
    zh = f"\n在 {place.root} 里做，做完再运行 coach dojo {found.name}" + (f"；提示：{more}" if more else "")
    en = f"\nDo it in {place.root}, then run coach dojo {found.name} again" + (f"; a hint: {more}" if more else "")
    show(say(zh=zh, en=en))


def _lines(found: Dojo, place: Place, done: int, missing: Words | None, hints: tuple[Words, ...]) -> None:
    for number, step in enumerate(found.steps):
        now = number == done
        line(
            "step",
            dojo=found.name,
            name=step.name,
            done=number < done,
            task=told(step.task, place),
            missing=told(missing, place) if now and missing else "",
            hints=[told(hint, place) for hint in hints] if now else [],
            folder=str(place.root),
        )
