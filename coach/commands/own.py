"""The commands on the learner's own file: update, reset, undo, notebook."""

from pathlib import Path

import click

from coach.answers import learner, snapshots
from coach.answers.learner import Updated
from coach.commands.group import command
from coach.commands.shared import those_begun
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.words import Trouble, language, say, show


@command
@click.argument("day", required=False)
def update(workspace: Workspace, day: str | None) -> None:
    """Bring what is new in the lessons into your answers.py; your own lines stay.

    把课程的更新合并进你的 answers.py；你写的每一行都会保留。
    """
    lessons = lookup.lessons_called(workspace, day) if day else workspace.lessons
    for lesson in those_begun(workspace, lessons, named=bool(day)):
        _report(workspace, lesson, learner.update(workspace, lesson))


def _report(workspace: Workspace, lesson: Lesson, updated: "Updated") -> None:
    """Says what an update did, and what it left out, hunk by hunk."""
    path = workspace.shown(lesson.answers)
    show(
        f"{path}: "
        + (say(zh="已更新", en="brought up to date") if updated.changed else say(zh="没有改动", en="nothing to change"))
    )
    if updated.base == "current":
        zh, en = _unknown_base(workspace)
        show(say(zh=f"  {zh}", en=f"  {en}"))
    if updated.base == "history":
        show(say(zh="  起点是从 git 历史里找回的。", en="  What it was made from was found in git's history."))
    for skipped in updated.skipped:
        zh, en = (
            "你和课程都改了这里，保留你的；课程的新内容是：",
            "you and the lesson both changed this; yours stays. The lesson now says:",
        )
        show(f"{path}:{skipped.line}  {say(zh=zh, en=en)}")
        gone = say(zh="（这几行删掉了）", en="(these lines are left out)")
        show("\n".join(f"    {line}" for line in skipped.lesson.splitlines() or [gone]))
    if updated.kept:
        show(say(zh="  更新前的文件：", en="  as it was before: ") + f"{workspace.shown(updated.kept)} (coach undo)")


def _unknown_base(workspace: Workspace) -> tuple[str, str]:
    """Says why an update had no base, in both languages."""
    from coach.commands.doctor import git_refuses, trusting

    after = (
        "把现在的版本当作起点，以后的更新会合并进来。",
        "today's lesson is taken for it, and later changes will come in.",
    )
    if git_refuses(workspace.root):
        mend = trusting(workspace.root)
        zh = f"不知道它是从哪个版本生成的，git 又不肯读这个属于别人的文件夹（先运行 {mend}）："
        en = f"What it was made from is not known, and git refuses this folder, which is another user's (first run {mend}): "
    else:
        zh = "不知道它是从哪个版本生成的，也没有 git 历史可查："
        en = "What it was made from is not known, nor in git's history: "
    return zh + after[0], en + after[1]


@command
@click.argument("name", metavar="EXERCISE")
def reset(workspace: Workspace, name: str) -> None:
    """Put an exercise back to its stub; what you had is kept.

    把一个练习恢复成未写的样子；你原来写的会留一份。
    """
    lesson, exercise = lookup.exercise_called(workspace, name)
    done = learner.reset(workspace, lesson, exercise)
    if done.how == "appended":
        zh, en = f"文件里找不到 {exercise}，加在了末尾。", f"{exercise} was nowhere in the file: it is at the end now."
        show(say(zh=zh, en=en))
    show(
        f"{workspace.shown(lesson.answers)}:{done.line}  "
        + say(zh=f"{exercise} 已恢复", en=f"{exercise} is its stub again")
    )
    if done.kept:
        show(say(zh="原来的文件：", en="the file as it was: ") + f"{workspace.shown(done.kept)} (coach undo)")


@command
@click.argument("day", required=False)
def undo(workspace: Workspace, day: str | None) -> None:
    """Undo the last update or reset, byte for byte; once more goes further back.

    撤销上一次 update 或 reset，一个字节都不差；再来一次就再退一步。
    """
    lesson = None
    if day:
        lessons = lookup.lessons_called(workspace, day)
        lesson = max(lessons, key=lambda x: getattr(snapshots.last(workspace, x), "number", 0))
    done = learner.undo(workspace, lesson)
    path = workspace.shown(done.lesson.answers)
    show(say(zh=f"{path}：已回到 {done.before} 之前", en=f"{path} is as it was before {done.before}"))
    if done.kept:
        show(say(zh="刚才的内容在：", en="what stood there until now is in ") + workspace.shown(done.kept))


@command
@click.argument("day", required=False)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to. / 写到哪里。")
def notebook(workspace: Workspace, day: str | None, output: Path | None) -> None:
    """Write your answers.py as a notebook, hints and answers folded in. Never overwrites.

    把你的 answers.py 写成 notebook，提示和答案折叠在里面；从不覆盖。
    """
    from coach.answers import notebook as notebooks

    lessons = lookup.lessons_called(workspace, day) if day else [workspace.saved_last()]
    if output and len(lessons) > 1:
        zh, en = (
            "这一天有几课：--output 只能用于一课。",
            "This day has several lessons: name one of them with --output.",
        )
        raise Trouble(zh=zh, en=en)
    for lesson in lessons:
        text = learner.read(lesson) if lesson.started else lesson.view(language())
        path = output or lesson.folder / "answers.ipynb"
        notebooks.save(notebooks.notebook(text, lesson, language()), path)
        show(workspace.shown(path))
