"""The commands on the learner's own file: update, language, reset, undo, notebook."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from coach.answers import learner, snapshots
from coach.answers import update as update_rules
from coach.answers.learner import Updated
from coach.answers.leftovers import at_work
from coach.answers.merge import Skipped
from coach.answers.translate import left_over
from coach.answers.update import Merged
from coach.commands.group import command
from coach.commands.shared import Place, said_option, those_begun
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.words import LANGUAGES, Trouble, say, show
from coach.words import language as spoken


@command
@click.argument("day", required=False)
@said_option
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
    for told in (*_of_base(workspace, updated.base), *_of_exercises(workspace, lesson, updated.merged)):
        show(f"  {told}")
    for skipped in updated.skipped:
        show(f"{path}:{skipped.line}  {_why(skipped)}")
        for line in _lessons_lines(skipped):
            show(f"    {line}".rstrip())
    _show_kept(workspace, say(zh="  原来的文件：", en="  as it was before: "), updated.kept, updated.saved)


def _of_base(workspace: Workspace, base: str) -> Iterator[str]:
    if base == "current":
        zh, en = _unknown_base(workspace)
        yield say(zh=zh, en=en)
    if base == "history":
        yield say(zh="起点是从 git 历史里找回的。", en="What it was made from was found in git's history.")
    if base == "release":
        zh, en = (
            "起点是从课程以前的发布里找回的。",
            "What it was made from was found among the course's earlier releases.",
        )
        yield say(zh=zh, en=en)


def _of_exercises(workspace: Workspace, lesson: Lesson, merged: Merged) -> Iterator[str]:
    """Which exercises came, went and changed their names."""
    renamed = {new: old for old, new in merged.renamed}
    for name in merged.new:
        place = f"{workspace.shown(lesson.answers)}:{learner.line_of(lesson, name)}"
        if name in renamed:
            zh, en = f"练习 {renamed[name]} 现在叫 {name}", f"the exercise {renamed[name]} is called {name} now"
            yield f"{say(zh=zh, en=en)}  {place}"
        else:
            yield f"{say(zh=f'新的练习 {name}', en=f'a new exercise, {name}')}  {place}"
    for name in merged.dropped:
        if name not in renamed.values():
            zh, en = (
                f"课程去掉了练习 {name}，你没有写过它",
                f"the lesson has no exercise {name} any more; you had not begun it",
            )
            yield say(zh=zh, en=en)


def _why(skipped: Skipped) -> str:
    """Why a change of the lesson was left out."""
    names, old, new = ", ".join(skipped.names), skipped.names[:1], skipped.names[1:]
    reasons = {
        "": (
            "你和课程都改了这里，保留你的；课程的新内容是：",
            "you and the lesson both changed this; yours stays. The lesson now says:",
        ),
        update_rules.DELETED: (
            "你删掉了这里，没有放回来；课程改了它，现在是：",
            "you deleted this, and it stays out. The lesson changed it and now says:",
        ),
        update_rules.GONE: (
            "课程里已经没有这一段；你改过它，所以保留。",
            "the lesson has this no more; you changed it, so it stays.",
        ),
        update_rules.BREAKS: (
            f"课程改了名字或写法，而你的代码还用着 {names}，所以保留你的；课程现在是：",
            f"the lesson's new text would break yours, which uses {names}; yours stays. The lesson now says:",
        ),
        update_rules.DEFINED: (
            f"你已经定义了 {names}，保留你的，没有放进第二个；课程的是：",
            f"you have defined {names} already; yours stays, and no second one came in. The lesson's is:",
        ),
        update_rules.RENAMED: (
            f"课程把 {''.join(old)} 改名为 {'、'.join(new)}；你的代码还叫原来的名字，新的放在它下面：把你写的搬过去。",
            f"the lesson calls {''.join(old)} {', '.join(new)} now. Yours keeps its name, and the new one stands below it: move yours there.",
        ),
        update_rules.UNREADABLE: (
            "合并后就不是 Python 了，所以保留你的；课程现在是：",
            "put together the two would be no Python; yours stays. The lesson now says:",
        ),
    }
    zh, en = reasons[skipped.why]
    return say(zh=zh, en=en)


def _lessons_lines(skipped: Skipped) -> list[str]:
    """What the lesson says there; of a whole cell only the lines that are not the learner's."""
    if not skipped.why:
        return skipped.lesson.splitlines() or [say(zh="（这几行删掉了）", en="(these lines are left out)")]
    own = skipped.learner.split("\n")
    return [line for line in skipped.lesson.split("\n") if line.strip() and line not in own]


def _show_kept(workspace: Workspace, what: str, kept: Path | None, saved: Path | None) -> None:
    if kept:
        show(what + f"{workspace.shown(kept)} (coach undo)")
    if saved:
        zh = f"编辑器恰好在同一瞬间保存了文件；它保存的在 {workspace.shown(saved)}，coach undo 先回到那里。"
        en = f"An editor saved the file in that very moment: what it saved is in {workspace.shown(saved)}, and coach undo goes back to it first."
        show(say(zh=zh, en=en))


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
        zh = "不知道它是从哪个版本生成的，也没有 git 历史或以前的发布可查："
        en = "What it was made from is not known, nor in git's history or an earlier release: "
    return zh + after[0], en + after[1]


@command
@click.argument("chosen", metavar="[zh|en]", required=False, type=click.Choice(LANGUAGES))
@click.argument("day", required=False)
@said_option
def language(workspace: Workspace, chosen: str | None, day: str | None) -> None:
    """Put the text of every answers.py that is begun (or of one day) in the other language; your own lines stay.

    把已经开始的 answers.py（或某一天的）里的正文换成另一种语言；你写的每一行都会保留。
    """
    if chosen is None:
        return show(spoken())
    lessons = lookup.lessons_called(workspace, day) if day else workspace.lessons
    begun = those_begun(workspace, lessons, named=True) if day else [one for one in lessons if one.started]
    os.environ["COACH_LANG"] = workspace.state.lang = chosen
    for lesson in begun:
        _report(workspace, lesson, learner.update(workspace, lesson, chosen))
        for line in left_over(learner.read(lesson), chosen):
            zh, en = "你改过这一段，所以没有换", "you changed this text, so it stays as it is"
            show(f"{workspace.shown(lesson.answers)}:{line}  {say(zh=zh, en=en)}")
    if not begun:
        show(say(zh="从现在起用中文。", en="English from now on."))


@command
@click.argument("name", metavar="EXERCISE|FILE:LINE")
@said_option
def reset(workspace: Workspace, name: str) -> None:
    """Put an exercise back to its stub; what you had is kept.

    把一个练习恢复成未写的样子；你原来写的会留一份。
    """
    lesson, exercise = lookup.exercise_called(workspace, name)
    done = learner.reset(workspace, lesson, exercise)
    path, stub = workspace.shown(lesson.answers), done.stub
    if stub.how == "appended":
        zh, en = f"文件里找不到 {exercise}，加在了末尾。", f"{exercise} was nowhere in the file: it is at the end now."
        show(say(zh=zh, en=en))
    if stub.hidden_by:
        zh = f"{exercise} 的空白版本已放回，但第 {stub.hidden_by} 行又给了这个名字别的值，起作用的是那一行。"
        en = f"the stub of {exercise} is back, but line {stub.hidden_by} gives that name another value, and that is what counts."
        show(f"{path}:{stub.hidden_by}  {say(zh=zh, en=en)}")
    else:
        show(f"{path}:{stub.line}  " + say(zh=f"{exercise} 已恢复", en=f"{exercise} is its stub again"))
    for line in stub.others:
        zh = f"{exercise} 在这里还有一个定义，没有动它；起作用的是最后一个，恢复的就是那个。"
        en = f"{exercise} is defined here, too, and was left alone: the last definition counts, and that one was put back."
        show(f"{path}:{line}  {say(zh=zh, en=en)}")
    _show_kept(workspace, say(zh="原来的文件：", en="the file as it was: "), done.kept, done.saved)


@command
@click.argument("day", required=False)
@said_option
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
@click.option("--output", type=Place(path_type=Path, dir_okay=False), help="Where to. / 写到哪里。")
def notebook(workspace: Workspace, day: str | None, output: Path | None) -> None:
    """Write your answers.py as a notebook for Jupyter or Colab; hints, answers, solutions folded in. Never overwrites.

    把你的 answers.py 写成 Jupyter 或 Colab 的 notebook，提示、答案和参考解答折叠在里面；从不覆盖。
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
        text = learner.read(lesson) if lesson.started else lesson.view(spoken())
        path = output or lesson.folder / "answers.ipynb"
        with at_work(workspace):
            notebooks.save(notebooks.notebook(text, lesson, spoken()), path)
        show(workspace.shown(path))
