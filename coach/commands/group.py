"""The group that all commands belong to: it imports each when it is called, and says its errors in one paragraph."""

import contextlib
import errno
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any

import click

from coach.answers import leftovers
from coach.course import lookup
from coach.course.workspace import Workspace
from coach.words import LANGUAGES, WRONG, Trouble, coloured, say, survive_any_console, system_language

# Every command: its module, and what the list says of it.
COMMANDS = {
    "start": ("day", "开始一天。", "Begin a day."),
    "check": ("judging", "检查你写的。", "Judge what you wrote."),
    "watch": ("follow", "保存就检查。", "Judge at every save."),
    "hint": ("day", "下一条提示。", "The next hint."),
    "solution": ("judging", "与参考答案对照。", "Compare with the course's answer."),
    "questions": ("day", "自测题。", "Self-check questions."),
    "contents": ("contents", "有哪些课和练习。", "The lessons and exercises there are."),
    "progress": ("judging", "学到哪里了。", "Where you stand."),
    "update": ("own", "合并课程的更新。", "Merge what is new in the course."),
    "language": ("own", "换一种语言，也换已开始的文件。", "The other language, in files begun, too."),
    "reset": ("own", "把练习恢复成未写的样子。", "Put back a stub."),
    "undo": ("own", "撤销 update 或 reset。", "Undo an update or a reset."),
    "notebook": ("own", "写成 notebook。", "Write a notebook."),
    "read": ("day", "在终端里读正文。", "Read in the terminal."),
    "book": ("book", "写成网页，在浏览器里读。", "Write pages, to read in a browser."),
    "report": ("report", "写报告：判错了，或说不清楚。", "Report a wrong verdict, or a text."),
    "dojo": ("dojo", "练习 git 和 shell。", "Practise git and the shell."),
    "doctor": ("doctor", "这台机器有什么不对。", "What is wrong on this machine."),
    "classroom": ("classroom", "给老师：收集一个班的进度。", "For teachers: gather where a class stands."),
    "lesson": ("lesson", "给作者：检查或新写一课。", "For authors: check or begin a lesson."),
}


class Exit(IntEnum):
    """The exit codes."""

    NOTHING_WRONG = 0
    SOMETHING_WRONG = 1
    MISUSED = 2
    SOMETHING_UNWRITTEN = 3
    INTERRUPTED = 130


class Coach(click.Group):
    """A group whose errors are said in the learner's language, with what was perhaps meant, and never as a traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:  # type: ignore[override]
        words = args[0] if args else extra.get("args")
        as_json = "--json" in (sys.argv[1:] if words is None else words)
        sys.exit(_guarded(lambda: self._run(*args, **extra), as_json))

    def _run(self, *args: Any, **extra: Any) -> int:
        workspace = _begin()
        code = super().main(*args, **extra | {"obj": workspace, "standalone_mode": False}) or Exit.NOTHING_WRONG
        sys.stdout.flush()  # here, where a reader who is gone is no surprise
        return code

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _reader_gone():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _reader_gone():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = getattr(importlib.import_module(f"coach.commands.{COMMANDS[cmd_name][0]}"), cmd_name)
        interruptible()
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: no command need be imported to be listed."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, f"{en} {zh}") for name, (_, zh, en) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        known(args, COMMANDS, "coach")
        return super().resolve_command(ctx, args)


def known(args: list[str], commands: Iterable[str], called: str) -> None:
    """`Trouble` if the first of `args` is none of the commands that `called` has."""
    if not args or args[0].startswith("-") or args[0] in (commands := list(commands)):
        return
    near = lookup.suggestions(args[0], commands)
    zh = f"没有 {args[0]} 这个命令。" + (f"是不是 {called} {near[0]}？" if near else f"{called} --help 列出所有命令。")
    en = f"There is no command {args[0]}. "
    en += f"Did you mean {called} {near[0]}?" if near else f"{called} --help lists them all."
    raise Trouble(zh=zh, en=en)


def interruptible() -> None:
    """From here on Ctrl+C is an exception again: while modules are imported it ends the process, see `coach.cli`."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


class NobodyReads(Exception):
    """`coach read 1 | head`: the reader is gone. click would make a failure of a BrokenPipeError."""


@contextlib.contextmanager
def _reader_gone() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise NobodyReads from error


def _guarded(run: Callable[[], int], as_json: bool) -> int:
    """The exit code of `run`; what goes wrong in it is said in one paragraph."""
    _have_streams()
    try:
        return run()
    except click.Abort:
        return Exit.INTERRUPTED
    except click.ClickException as error:
        from coach.commands.complaints import misused

        _complain(misused(error) if isinstance(error, click.UsageError) else error.format_message(), as_json)
    except Trouble as trouble:
        _complain(str(trouble), as_json)
    except (NobodyReads, BrokenPipeError):
        _write_nowhere()
        return Exit.NOTHING_WRONG
    except OSError as error:
        _complain(_of_the_system(error), as_json)
        _write_nowhere()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    return Exit.MISUSED


def _have_streams() -> None:
    """A stream that was closed from outside (`>&-`) is nowhere to write to, and nothing to read from."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


# What the system says of a stream that can't be written to; of one that was closed Windows says EINVAL.
OF_OUTPUT = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EPIPE, errno.EBADF, errno.EINVAL, getattr(errno, "EDQUOT", 0)}


def _of_the_system(error: OSError) -> str:
    """What the system refused; what has no name is what is printed, where it can be."""
    what, why = error.filename, error.strerror or error
    if not what and isinstance(error, FileNotFoundError):  # by `tempfile`
        zh = "临时文件没有地方可写：磁盘满了，或没有权限。清理磁盘，或把 TMPDIR 设成一个能写的文件夹，再试一次。"
        en = "There is no room for temporary files, or no right to write them. Free some of the disk, or set TMPDIR to a folder that can be written to, then try again."
        return say(zh=zh, en=en)
    if not what and error.errno in OF_OUTPUT:
        return say(zh=f"输出写不出去：{why}。", en=f"Could not write the output: {why}.")
    if not what:
        zh = f"系统没有答应：{why}。关掉一些程序，换一个新终端，再试一次。"
        return say(zh=zh, en=f"The system refused: {why}. Close other programs, open a new terminal and try again.")
    zh = f"无法读写 {what}：{why}。请检查它是否还在、是否只读、磁盘是否已满，然后再试一次。"
    return say(
        zh=zh, en=f"Could not read or write {what}: {why}. See that it is there, writable, and the disk not full."
    )


def _write_nowhere() -> None:
    """What is still to be printed goes nowhere: it would fail again when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(text: str, as_json: bool) -> None:
    if as_json:
        from coach.commands.lines import line

        with contextlib.suppress(OSError):
            return line("error", why=text)
    mark = coloured(WRONG, "red") if sys.stderr.isatty() and not os.environ.get("NO_COLOR") else WRONG
    with contextlib.suppress(OSError):
        click.echo(f"{mark} {text}", err=True)


def _begin() -> Workspace:
    """The workspace, with the language settled for this process and its children."""
    survive_any_console()
    try:
        os.getcwd()
    except FileNotFoundError:
        os.environ.setdefault("COACH_LANG", system_language())
        zh, en = "当前文件夹已经不在了：先 cd 到别处。", "The folder you are in is gone: cd to another first."
        raise Trouble(zh=zh, en=en) from None
    workspace = Workspace.here()
    if os.environ.get("COACH_LANG") not in LANGUAGES:
        os.environ["COACH_LANG"] = _stored_language(workspace)
    if mended := workspace.state.mended:
        zh = f"coach 的记录读不出来了：它改放在 {mended}，已重新开始记。你的答案没有动。"
        en = f"What coach remembered could not be read: it was put aside as {mended} and begun anew. Your answers are untouched."
        click.echo(say(zh=zh, en=en), err=True)
    leftovers.clear(workspace)
    for folder in workspace.strangers:
        zh = f"{workspace.shown(folder)} 不是一课（名字应为 part<天>_<主题>），没有理会它。"
        en = f"{workspace.shown(folder)} is no lesson (it would be called part<day>_<subject>): it is left out."
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


def lang_option(command: Callable) -> Callable:
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        is_eager=True,
        callback=_choose_language,
        help="The language, from now on. / 从现在起用的语言。",
    )(command)


def command(function: Callable) -> click.Command:
    """A command of `coach`, with the workspace as its first argument and `--lang`; it stands in `COMMANDS`, too."""
    return click.command(function.__name__)(lang_option(click.pass_obj(function)))


def json_option(command: Callable) -> Callable:
    return click.option(
        "--json", "as_json", is_flag=True, help="One JSON object a line, for programs. / 每行一个 JSON，给程序读。"
    )(command)
