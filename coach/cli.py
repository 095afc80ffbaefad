"""The command line. It starts quickly: what a command needs is imported when that command runs."""

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coach import names
from coach.lesson import MARK, Exercise, Lesson
from coach.words import (
    LANGUAGES,
    RIGHT,
    UNWRITTEN,
    WRONG,
    Trouble,
    language,
    say,
    show,
    survive_any_console,
    system_language,
)
from coach.workspace import Workspace

if TYPE_CHECKING:
    from coach.judge import Verdict
    from coach.learner import Updated

NOTHING_WRONG, SOMETHING_WRONG, MISUSED, SOMETHING_UNWRITTEN, INTERRUPTED = 0, 1, 2, 3, 130
LAZY = {"doctor": "coach.doctor"}  # commands of modules that are imported when asked for, where they are there


class Coach(click.Group):
    """A group whose errors are said in the learner's language, with what was perhaps meant, and never as a traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:  # type: ignore[override]
        sys.exit(_guarded(lambda: self._run(*args, **extra)))

    def _run(self, *args: Any, **extra: Any) -> int:
        workspace = _begin()
        return super().main(*args, **extra | {"obj": workspace, "standalone_mode": False}) or NOTHING_WRONG

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands, *(name for name, module in LAZY.items() if importlib.util.find_spec(module))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in LAZY and importlib.util.find_spec(LAZY[cmd_name]):
            return getattr(importlib.import_module(LAZY[cmd_name]), cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = names.suggestions(args[0], self.list_commands(ctx))
            zh = f"没有 {args[0]} 这个命令。" + (f"是不是 coach {near[0]}？" if near else "coach --help 列出所有命令。")
            en = f"There is no command {args[0]}. "
            en += f"Did you mean coach {near[0]}?" if near else "coach --help lists them all."
            raise Trouble(say(zh=zh, en=en))
        return super().resolve_command(ctx, args)


def _guarded(run: Callable[[], int]) -> int:
    """The exit code of `run`; what goes wrong in it is said in one paragraph."""
    try:
        return run()
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        from coach.usage import misused

        _complain(misused(error) if isinstance(error, click.UsageError) else error.format_message())
    except Trouble as trouble:
        _complain(str(trouble))
    except BrokenPipeError:  # `coach read 1 | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOTHING_WRONG
    except OSError as error:
        what = error.filename or ""
        zh = f"无法读写 {what}：{error.strerror}。请检查它是否还在、是否只读、磁盘是否已满，然后再试一次。"
        en = f"Could not read or write {what}: {error.strerror}. See that it is there, writable, and the disk not full."
        _complain(say(zh=zh, en=en))
    return MISUSED


def _complain(text: str) -> None:
    click.echo(f"{click.style(WRONG, fg='red')} {text}", err=True)


def _begin() -> Workspace:
    """The workspace, with the language settled for this process and its children."""
    survive_any_console()
    try:
        os.getcwd()
    except FileNotFoundError:
        os.environ.setdefault("COACH_LANG", system_language())
        zh, en = "当前文件夹已经不在了：先 cd 到别处。", "The folder you are in is gone: cd to another first."
        raise Trouble(say(zh=zh, en=en)) from None
    workspace = Workspace.here()
    if os.environ.get("COACH_LANG") not in LANGUAGES:
        os.environ["COACH_LANG"] = _stored_language(workspace)
    if mended := workspace.state.mended:
        zh = f"coach 的记录读不出来了：它改放在 {mended}，已重新开始记。你的答案没有动。"
        en = f"What coach remembered could not be read: it was put aside as {mended} and begun anew. Your answers are untouched."
        click.echo(say(zh=zh, en=en), err=True)
    return workspace


def _stored_language(workspace: Workspace) -> str:
    try:
        stored = workspace.state.lang
    except OSError:
        os.environ["COACH_LANG"] = system_language()  # to say what is wrong in
        raise
    return stored if stored in LANGUAGES else system_language()


def _choose_language(ctx: click.Context, _: click.Parameter, lang: str | None) -> None:
    if lang:
        os.environ["COACH_LANG"] = lang
        ctx.find_root().obj.state.lang = lang


def _lang_option(command: Callable) -> Callable:
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        is_eager=True,
        callback=_choose_language,
        help="The language, from now on. / 从现在起用的语言。",
    )(command)


def _limit_options(command: Callable) -> Callable:
    number = click.FloatRange(min=0, min_open=True)
    timeout = click.option("--timeout", type=number, help="Seconds for each test. / 每个测试的秒数。")
    return timeout(click.option("--memory", type=number, help="GiB of memory. / 内存上限（GiB）。")(command))


def command(*, zh: str, en: str) -> Callable[[Callable], click.Command]:
    """A command of `coach`, with the workspace as its first argument and `--lang`; in the list it is said to do this."""

    def register(function: Callable) -> click.Command:
        return coach.command(short_help=f"{en} {zh}")(_lang_option(click.pass_obj(function)))

    return register


@click.group(cls=Coach, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@_lang_option
@click.pass_context
def coach(ctx: click.Context) -> None:
    """Learn by writing: start a day, write in answers.py, check.

    在 answers.py 里写，用 check 检查：开始新的一天用 start。
    """
    if ctx.invoked_subcommand is None:
        _where(ctx.obj)


def _where(workspace: Workspace) -> None:
    """Where the learner stands, read off the files, and what to do next."""
    from coach import progress

    names.days_of(workspace)
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
        place = _at(workspace, last_saved, exercise)
        show(say(zh=f"下一步：{exercise}  {place}", en=f"Next: {exercise}  {place}"))
    zh = "检查刚保存的：coach check · 全部进度：coach progress · 新的一天：coach start"
    en = "Check what you saved last: coach check · all of it: coach progress · a new day: coach start"
    show(say(zh=zh, en=en))


@command(zh="开始一天。", en="Begin a day.")
@click.argument("day", required=False)
def start(workspace: Workspace, day: str | None) -> None:
    """Make your answers.py for a day, and open it in VS Code. Never overwrites.

    为某一天生成你的 answers.py，并在 VS Code 里打开；从不覆盖已有的。
    """
    from coach import learner

    lessons = names.lessons_called(workspace, day) if day else _next_day(workspace)
    made = {lesson.name: learner.start(workspace, lesson, language()) for lesson in reversed(lessons)}
    for lesson in lessons:  # made backwards: the first is the one saved last, which `coach check` takes
        zh, en = (
            ("已生成", "made") if made[lesson.name] else ("已经在了，没有动它", "is there already, and was left alone")
        )
        show(f"{workspace.shown(lesson.answers)}  {say(zh=zh, en=en)}")
    _show_exercises(lessons)
    first = lessons[0]
    line = learner.line_of(first, first.names[0]) if first.names else 1
    show(say(zh="从这里开始：", en="Begin here: ") + f"{workspace.shown(first.answers)}:{line}")
    _open(first.answers, line)


def _open(path: Path, line: int) -> None:
    from coach.editor import open_at

    open_at(path, line)


def _next_day(workspace: Workspace) -> list[Lesson]:
    """The day after the latest begun, else the first that is not begun; day 1 where nothing is."""
    days = names.days_of(workspace)
    begun = {lesson.day for lesson in workspace.lessons if lesson.started}
    unbegun = [day for day in days if day not in begun]
    if not begun:
        day = 1 if 1 in days else days[0]
    else:
        later = [day for day in unbegun if day > max(begun)]
        day = (later or unbegun or [max(begun)])[0]
    return [lesson for lesson in workspace.lessons if lesson.day == day]


def _show_exercises(lessons: list[Lesson]) -> None:
    """The exercises of the lessons as a table, with the minutes they take."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in (say(zh="练习", en="exercise"), "", say(zh="分钟", en="min"), say(zh="难度", en="difficulty")):
        table.add_column(title)
    table.columns[2].justify = "right"
    everything = [exercise for lesson in lessons for exercise in lesson.exercises]
    for exercise in everything:
        title = exercise.title.get(language(), "") + (say(zh="（选做）", en=" (bonus)") if exercise.bonus else "")
        table.add_row(exercise.name, title, str(exercise.minutes), "●" * exercise.difficulty)
    _console().print(table)
    minutes = sum(exercise.minutes for exercise in everything)
    zh = f"{len(everything)} 个练习，约 {_hours(minutes, '小时', '分钟')}"
    show(say(zh=zh, en=f"{len(everything)} exercises, about {_hours(minutes, 'h', 'min')}"))


def _hours(minutes: int, h: str, m: str) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} {h}" if hours else "", f"{rest} {m}" if rest or not hours else "") if part
    )


def _console() -> Any:
    """A rich console on the standard output as it is now; it changes nothing of a text's numbers and brackets."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def _at(workspace: Workspace, lesson: Lesson, exercise: str) -> str:
    from coach import learner

    return f"{workspace.shown(lesson.answers)}:{learner.line_of(lesson, exercise)}"


@command(zh="检查你写的。", en="Judge what you wrote.")
@click.argument("name", required=False, metavar="[EXERCISE|DAY|LESSON|FILE]")
@_limit_options
def check(workspace: Workspace, name: str | None, timeout: float | None, memory: float | None) -> int:
    """Judge what you wrote: the file saved last, or one exercise, day, lesson or file.

    检查你写的：默认是刚保存的文件，也可以是一个练习、一天、一课或一个文件。

    \b
    Exit code: 0 all right ✓, 1 something is wrong ✗, 2 could not be checked,
    3 nothing is wrong but something is not written yet ○.
    退出码：0 全对 ✓；1 有错 ✗；2 无法检查；3 没有错，但有还没写的 ○。
    """
    targets = names.target(workspace, name) if name else [(_saved_last(workspace), None)]
    begun = _begun(workspace, [lesson for lesson, _ in targets], named=True)
    verdicts = _check(
        workspace,
        [(lesson, which) for lesson, which in targets if lesson in begun],
        each=_show_verdict,
        **_limits(timeout, memory),
    )
    if not verdicts:
        zh, en = "没有找到对应的测试。", "There is no test for that."
        raise Trouble(say(zh=zh, en=en))
    show("  ".join(f"{mark} {sum(v.mark == mark for v in verdicts)}" for mark in (RIGHT, WRONG, UNWRITTEN)))
    return _exit_code(verdicts)


def _limits(timeout: float | None, memory: float | None) -> dict[str, Any]:
    return {"seconds": timeout, "memory": int(memory * (1 << 30)) if memory else None}


def _exit_code(verdicts: Iterable["Verdict"]) -> int:
    marks = {verdict.mark for verdict in verdicts}
    if WRONG in marks:
        return SOMETHING_WRONG
    return SOMETHING_UNWRITTEN if UNWRITTEN in marks else NOTHING_WRONG


def _not_begun(lesson: Lesson) -> str:
    zh = f"{lesson.title['zh']} 还没有开始：先运行 coach start {lesson.day}"
    return say(zh=zh, en=f"{lesson.title['en']} is not begun: run coach start {lesson.day} first")


def _saved_last(workspace: Workspace) -> Lesson:
    begun = [lesson for lesson in workspace.lessons if lesson.started]
    if not begun:
        names.days_of(workspace)
        raise Trouble(say(zh="还没有开始任何一天：coach start 1", en="No day is begun: coach start 1"))
    return max(begun, key=lambda lesson: lesson.answers.stat().st_mtime_ns)


def _of_day(workspace: Workspace, day: str | None) -> list[Lesson]:
    """The lessons of that day, or of the day worked on last."""
    return names.lessons_called(workspace, day or str(_saved_last(workspace).day))


def _check(
    workspace: Workspace,
    targets: list[tuple[Lesson, list[str] | None]],
    each: Callable[["Verdict", Any], None] = lambda verdict, console: None,
    **limits: Any,
) -> list["Verdict"]:
    """The verdicts on the targets, each shown by `each` as it comes, with a bar below on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from coach import runner

    console, found = _console(), []
    columns = TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        for lesson, exercises in targets:
            task = bar.add_task(lesson.name, total=len(exercises or lesson.names))

            def on_begin(exercise: str, task: Any = task, name: str = lesson.name) -> None:
                bar.update(task, description=f"{name} · {exercise}")

            def on_verdict(verdict: "Verdict", task: Any = task) -> None:
                bar.advance(task)
                each(verdict, console)

            try:
                found += runner.check(workspace, lesson, exercises, on_verdict=on_verdict, on_begin=on_begin, **limits)
            except runner.CannotJudge as error:
                raise Trouble(str(error)) from error
            bar.remove_task(task)
    return found


def _show_verdict(verdict: "Verdict", console: Any) -> None:
    from rich.text import Text

    from coach import runner

    console.print(Text.from_ansi(runner.render(verdict)), soft_wrap=True)
    if verdict.mark == WRONG:
        console.print(runner.problem(verdict), soft_wrap=True, style="dim")


@command(zh="保存就检查。", en="Judge at every save.")
@click.argument("name", required=False, metavar="[EXERCISE|DAY|LESSON|FILE]")
@_limit_options
def watch(workspace: Workspace, name: str | None, timeout: float | None, memory: float | None) -> None:
    """Judge what you change each time you save it: in every day begun, in one, or one exercise. Ctrl+C ends it.

    每次保存就检查改动的部分：默认看所有已开始的课，也可以只看一课或一个练习；Ctrl+C 结束。
    """
    targets = names.target(workspace, name) if name else [(lesson, None) for lesson in workspace.lessons]
    begun = _begun(workspace, [lesson for lesson, _ in targets], named=bool(name))
    only = next((exercise for _, exercises in targets for exercise in exercises or ()), "")
    from coach.watch import watch as watch_files

    watch_files(workspace, begun, only=only, **_limits(timeout, memory))


def _begun(workspace: Workspace, lessons: list[Lesson], *, named: bool) -> list[Lesson]:
    """Those of `lessons` that are begun; where none is, `Trouble` says how to begin (the one that was named)."""
    begun = [lesson for lesson in lessons if lesson.started]
    if not begun:
        raise Trouble(_not_begun(lessons[0] if named else _saved_last(workspace)))
    return begun


@command(zh="下一条提示。", en="The next hint.")
@click.argument("name", metavar="EXERCISE")
@click.option("--all", "everything", is_flag=True, help="All of them at once. / 一次全部显示。")
def hint(workspace: Workspace, name: str, everything: bool) -> None:
    """Show an exercise's next hint; each says a little more.

    显示练习的下一条提示，一条比一条具体。
    """
    lesson, exercise = names.exercise_called(workspace, name)
    hints = _exercise(lesson, exercise).hints.get(language(), [])
    if not hints:
        raise Trouble(say(zh=f"{exercise} 没有提示。", en=f"{exercise} has no hint."))
    key = f"{lesson.name}.{exercise}"
    shown = workspace.state.hints_shown(key)
    again = everything or shown >= len(hints)
    for number in range(1, len(hints) + 1) if again else [shown + 1]:
        _show_hint(number, hints)
    workspace.state.show_hints(key, len(hints) if again else shown + 1)
    if shown >= len(hints) and not everything:
        zh = f"提示就这些了。再看看你的代码；实在想不出：coach solution {name} --reveal"
        en = f"That is all of them. Look at your code again; if you give up: coach solution {name} --reveal"
        show(say(zh=zh, en=en))


def _show_hint(number: int, hints: list[str]) -> None:
    from rich.markdown import Markdown

    show(say(zh=f"提示 {number}/{len(hints)}", en=f"hint {number} of {len(hints)}"))
    _console().print(Markdown(hints[number - 1]))


def _exercise(lesson: Lesson, name: str) -> Exercise:
    return next(exercise for exercise in lesson.exercises if exercise.name == name)


@command(zh="与参考答案对照。", en="Compare with the course's answer.")
@click.argument("name", metavar="EXERCISE")
@click.option("--reveal", is_flag=True, help="Even if yours does not pass yet. / 还没通过也显示。")
def solution(workspace: Workspace, name: str, reveal: bool) -> int:
    """Show what differs between your answer and the course's, once yours passes.

    你的答案通过之后，显示它与参考答案的不同。
    """
    lesson, exercise = names.exercise_called(workspace, name)
    if not reveal:
        if not lesson.started:
            raise Trouble(_not_begun(lesson))
        code = _exit_code(_check(workspace, [(lesson, [exercise])]))
        if code != NOTHING_WRONG:
            zh = f"{exercise} 还没有通过：coach check {name}。仍然要看：coach solution {name} --reveal"
            en = f"{exercise} does not pass yet: coach check {name}. To see it all the same: coach solution {name} --reveal"
            show(say(zh=zh, en=en))
            return code
    _show_difference(workspace, lesson, exercise)
    return NOTHING_WRONG


def _show_difference(workspace: Workspace, lesson: Lesson, exercise: str) -> None:
    import difflib

    from coach import learner

    solved = [line for line in learner.cell(lesson.text, exercise) if line.strip() != MARK]
    own = learner.learners_cell(lesson, exercise) if lesson.started else learner.cell(lesson.view(language()), exercise)
    names_ = [workspace.shown(lesson.answers), workspace.shown(lesson.solutions)]
    lines = list(difflib.unified_diff(own, solved, *names_, n=len(solved), lineterm=""))
    styles = {"+": "green", "-": "red", "@": "dim"}
    console = _console()
    for line in lines:
        console.print(line, style=styles.get(line[:1], ""), soft_wrap=True)
    if not lines:
        show(say(zh="与参考答案一字不差。", en="Yours is the course's, letter for letter."))


@command(zh="自测题。", en="Self-check questions.")
@click.argument("day", required=False)
@click.option("--list", "listed", is_flag=True, help="Only list them with your marks. / 只列出题目和你的自评。")
def questions(workspace: Workspace, day: str | None, listed: bool) -> None:
    """Ask the self-check questions of a day one by one; you mark your own answers.

    逐个提问某一天的自测题；对错由你自己评。
    """
    from coach import questions as asking

    lessons = _of_day(workspace, day)
    if not any(lesson.questions for lesson in lessons):
        raise Trouble(say(zh="这里没有自测题。", en="There are no questions here."))
    (asking.list_all if listed else asking.ask_all)(lessons, workspace.state, _console())


@command(zh="学到哪里了。", en="Where you stand.")
def progress(workspace: Workspace) -> None:
    """Ask the tests where you stand; nothing is stored, nothing is claimed.

    用测试看你学到了哪里；不存记录，只看结果。
    """
    from coach import progress as standings
    from coach import runner

    begun = _begun(workspace, workspace.lessons, named=False)
    found = []
    for lesson in begun:
        verdicts = runner.by_exercise(_check(workspace, [(lesson, None)]), lesson.names)
        found.append(standings.standing(lesson, verdicts, workspace.state))
    _console().print(standings.table(found))


@command(zh="合并课程的更新。", en="Merge what is new in the course.")
@click.argument("day", required=False)
def update(workspace: Workspace, day: str | None) -> None:
    """Bring what is new in the lessons into your answers.py; your own lines stay.

    把课程的更新合并进你的 answers.py；你写的每一行都会保留。
    """
    from coach import learner

    lessons = names.lessons_called(workspace, day) if day else workspace.lessons
    for lesson in _begun(workspace, lessons, named=bool(day)):
        _report(workspace, lesson, learner.update(workspace, lesson))


def _report(workspace: Workspace, lesson: Lesson, updated: "Updated") -> None:
    """Says what an update did, and what it left out, hunk by hunk."""
    path = workspace.shown(lesson.answers)
    show(
        f"{path}: "
        + (say(zh="已更新", en="brought up to date") if updated.changed else say(zh="没有改动", en="nothing to change"))
    )
    if updated.base == "current":
        zh = "  不知道它是从哪个版本生成的，也没有 git 历史可查：把现在的版本当作起点，以后的更新会合并进来。"
        en = "  What it was made from is not known, nor in git's history: today's lesson is taken for it, and later changes will come in."
        show(say(zh=zh, en=en))
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


@command(zh="把练习恢复成未写的样子。", en="Put back a stub.")
@click.argument("name", metavar="EXERCISE")
def reset(workspace: Workspace, name: str) -> None:
    """Put an exercise back to its stub; what you had is kept.

    把一个练习恢复成未写的样子；你原来写的会留一份。
    """
    from coach import learner

    lesson, exercise = names.exercise_called(workspace, name)
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


@command(zh="撤销 update 或 reset。", en="Undo an update or a reset.")
@click.argument("day", required=False)
def undo(workspace: Workspace, day: str | None) -> None:
    """Undo the last update or reset, byte for byte; once more goes further back.

    撤销上一次 update 或 reset，一个字节都不差；再来一次就再退一步。
    """
    from coach import learner, snapshots

    lesson = None
    if day:
        lessons = names.lessons_called(workspace, day)
        lesson = max(lessons, key=lambda x: getattr(snapshots.last(workspace, x), "number", 0))
    done = learner.undo(workspace, lesson)
    path = workspace.shown(done.lesson.answers)
    show(say(zh=f"{path}：已回到 {done.before} 之前", en=f"{path} is as it was before {done.before}"))
    if done.kept:
        show(say(zh="刚才的内容在：", en="what stood there until now is in ") + workspace.shown(done.kept))


@command(zh="写成 notebook。", en="Write a notebook.")
@click.argument("day", required=False)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to. / 写到哪里。")
def notebook(workspace: Workspace, day: str | None, output: Path | None) -> None:
    """Write your answers.py as a notebook, hints and answers folded in. Never overwrites.

    把你的 answers.py 写成 notebook，提示和答案折叠在里面；从不覆盖。
    """
    from coach import learner
    from coach import notebook as notebooks

    lessons = names.lessons_called(workspace, day) if day else [_saved_last(workspace)]
    if output and len(lessons) > 1:
        zh, en = (
            "这一天有几课：--output 只能用于一课。",
            "This day has several lessons: name one of them with --output.",
        )
        raise Trouble(say(zh=zh, en=en))
    for lesson in lessons:
        text = learner.read(lesson) if lesson.started else lesson.view(language())
        path = output or lesson.folder / "answers.ipynb"
        notebooks.save(notebooks.notebook(text, lesson, language()), path)
        show(workspace.shown(path))


@command(zh="在终端里读正文。", en="Read in the terminal.")
@click.argument("day", required=False)
def read(workspace: Workspace, day: str | None) -> None:
    """Read a day's text in the terminal.

    在终端里读某一天的正文。
    """
    from rich.markdown import Markdown

    from coach.lesson import HIDDEN, language_of, tags_of

    lessons = _of_day(workspace, day)
    cells = [cell for lesson in lessons for cell in lesson.cells if language_of(cell) == language()]
    text = "\n\n".join(cell.source for cell in cells if not tags_of(cell) & HIDDEN)
    console = _console()
    if console.is_terminal:
        with console.pager(styles=True):
            console.print(Markdown(text))
    else:
        console.print(Markdown(text))


def main() -> None:
    """The entry point of the command `coach`."""
    coach()


if __name__ == "__main__":
    main()
