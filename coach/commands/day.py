"""The commands that begin a day and tell of it: start, hint, read, questions."""

import click

from coach.commands.group import command, json_option
from coach.commands.shared import of_day, said_option, show_table, terminal
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.percent import HIDDEN, language_of, spoken_in, tags_of
from coach.course.workspace import Workspace
from coach.words import Trouble, language, say, show


@command
@click.argument("day", required=False)
@said_option
def start(workspace: Workspace, day: str | None) -> None:
    """Make your answers.py for a day, and open it in VS Code. Never overwrites.

    为某一天生成你的 answers.py，并在 VS Code 里打开；从不覆盖已有的。
    """
    from coach.answers import learner
    from coach.commands.doctor import REINSTALL, installed_elsewhere
    from coach.commands.editor import open_at

    lessons = lookup.lessons_called(workspace, day) if day else _next_day(workspace)
    made = {lesson.name: learner.start(workspace, lesson, language()) for lesson in reversed(lessons)}
    for lesson in lessons:  # made backwards: the first is the one saved last, which `coach check` takes
        zh, en = (
            ("已生成", "made") if made[lesson.name] else ("已经在了，没有动它", "is there already, and was left alone")
        )
        show(f"{workspace.shown(lesson.answers)}  {say(zh=zh, en=en)}")
        if not made[lesson.name] and spoken_in(learner.seen(lesson)) not in (None, language()):
            zh, en = "它的正文是英文的；换成中文：", "its text is in Chinese; to change that: "
            show(f"  {say(zh=zh, en=en)}coach language {language()}")
    for number, lesson in enumerate(lessons, 1):
        _show_exercises(lesson, number if len(lessons) > 1 else 0)
    if len(lessons) > 1:
        zh = f"这一天分 {len(lessons)} 次完成，一次一课；从第一课开始。"
        show(say(zh=zh, en=f"This day is {len(lessons)} sittings, a lesson each; begin with the first."))
    if other := installed_elsewhere(workspace):
        zh = f"注意：安装的是另一份课程 {other}，单元和 F5 用的是它。要用这一份，在 {workspace.root} 里运行 {REINSTALL}"
        en = f"Mind: cells and F5 import another checkout, {other}. To make them use this one run {REINSTALL} in {workspace.root}"
        show(say(zh=zh, en=en))
    first = lessons[0]
    line = learner.line_of(first, first.names[0]) if first.names else 1
    show(say(zh="从这里开始：", en="Begin here: ") + f"{workspace.shown(first.answers)}:{line}")
    open_at(first.answers, line)


def _next_day(workspace: Workspace) -> list[Lesson]:
    """The day after the latest begun, else the first that is not begun; day 1 where nothing is."""
    days = lookup.days_of(workspace)
    begun = {lesson.day for lesson in workspace.lessons if lesson.started}
    unbegun = [day for day in days if day not in begun]
    if not begun:
        day = 1 if 1 in days else days[0]
    else:
        later = [day for day in unbegun if day > max(begun)]
        day = (later or unbegun or [max(begun)])[0]
    return [lesson for lesson in workspace.lessons if lesson.day == day]


def _show_exercises(lesson: Lesson, sitting: int) -> None:
    """The lesson's exercises as a table, with the minutes they take; under a heading if it is one sitting of several."""
    if sitting:
        zh, en = f"第 {sitting} 次 · {lesson.title['zh']}", f"Sitting {sitting} · {lesson.title['en']}"
        show(f"\n{say(zh=zh, en=en)}  ({lesson.name})")
    titles = [say(zh="练习", en="exercise"), "", say(zh="分钟", en="min"), say(zh="难度", en="difficulty")]
    rows = []
    for exercise in lesson.exercises:
        title = exercise.title.get(language(), "") + (say(zh="（选做）", en=" (bonus)") if exercise.bonus else "")
        rows.append([exercise.name, title, str(exercise.minutes), "●" * exercise.difficulty])
    show_table(titles, rows, folding={1}, right={2})
    minutes, count = sum(exercise.minutes for exercise in lesson.exercises), len(lesson.exercises)
    zh = f"{count} 个练习，约 {_hours(minutes, '小时', '分钟')}"
    show(say(zh=zh, en=f"{count} exercises, about {_hours(minutes, 'h', 'min')}"))


def _hours(minutes: int, h: str, m: str) -> str:
    hours, rest = divmod(minutes, 60)
    parts = f"{hours} {h}" if hours else "", f"{rest} {m}" if rest or not hours else ""
    return " ".join(filter(None, parts))


@command
@click.argument("name", metavar="EXERCISE|FILE:LINE")
@click.option("--all", "everything", is_flag=True, help="All of them at once. / 一次全部显示。")
@json_option
def hint(workspace: Workspace, name: str, everything: bool, as_json: bool) -> None:
    """Show an exercise's next hint; each says a little more.

    显示练习的下一条提示，一条比一条具体。
    """
    lesson, exercise = lookup.exercise_called(workspace, name)
    hints = lesson.exercise(exercise).hints.get(language(), [])
    if not hints:
        raise Trouble(zh=f"{exercise} 没有提示。", en=f"{exercise} has no hint.")
    key = f"{lesson.name}.{exercise}"
    shown = workspace.state.hints_shown(key)
    again = everything or shown >= len(hints)
    for number in range(1, len(hints) + 1) if again else [shown + 1]:
        _show_hint(lesson, exercise, number, hints, as_json)
    workspace.state.show_hints(key, len(hints) if again else shown + 1)
    if shown >= len(hints) and not everything and not as_json:
        reveal = f"coach solution {lookup.name_of(workspace, lesson, exercise)} --reveal"
        zh = f"提示就这些了。再看看你的代码；实在想不出：{reveal}"
        en = f"That is all of them. Look at your code again; if you give up: {reveal}"
        show(say(zh=zh, en=en))


def _show_hint(lesson: Lesson, exercise: str, number: int, hints: list[str], as_json: bool) -> None:
    if as_json:
        from coach.commands.lines import line

        line("hint", lesson=lesson.name, exercise=exercise, number=number, of=len(hints), text=hints[number - 1])
        return
    from rich.markdown import Markdown

    show(say(zh=f"提示 {number}/{len(hints)}", en=f"hint {number} of {len(hints)}"))
    terminal().print(Markdown(hints[number - 1]))


@command
@click.argument("day", required=False)
@click.option("--mark", "marked", metavar="NUMBER=yes|partly|no", help="How you knew one. / 给自己的回答打分。")
@click.option("--list", "listed", is_flag=True, help="Only list them with your marks. / 只列出题目和你的自评。")
@json_option
def questions(workspace: Workspace, day: str | None, marked: str | None, listed: bool, as_json: bool) -> None:
    """Ask the self-check questions of a day one by one; you mark your own answers.

    逐个提问某一天的自测题；对错由你自己评。
    """
    from coach.commands import questions as asking

    lessons = of_day(workspace, day)
    if not any(lesson.questions for lesson in lessons):
        raise Trouble(zh="这里没有自测题。", en="There are no questions here.")
    if marked:
        asking.mark(lessons, workspace.state, marked)
    if as_json:
        asking.lines(lessons, workspace.state)
    elif listed:
        asking.list_all(lessons, workspace.state, terminal())
    elif not marked:
        asking.ask_all(lessons, workspace.state, terminal())


@command
@click.argument("day", required=False)
def read(workspace: Workspace, day: str | None) -> None:
    """Read a day's text in the terminal.

    在终端里读某一天的正文。
    """
    from rich.markdown import Markdown

    lessons = of_day(workspace, day)
    cells = [cell for lesson in lessons for cell in lesson.cells if language_of(cell) == language()]
    text = "\n\n".join(cell.source for cell in cells if not tags_of(cell) & HIDDEN)
    console = terminal()
    if console.is_terminal:
        with console.pager(styles=True):
            console.print(Markdown(text))
    else:
        console.print(Markdown(text))
