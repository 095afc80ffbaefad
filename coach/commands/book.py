"""`coach book`: the whole course as pages."""

from pathlib import Path

import click

from coach.commands.group import command
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.words import language, say, show


@command
@click.option("--lessons", "names", multiple=True, metavar="DAY|LESSON", help="Only these. / 只要这些课。")
@click.option("--serve", "serving", is_flag=True, help="Then show it on this machine. / 然后在本机上展示。")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="For --serve. / 端口。")
@click.option("--open", "opening", is_flag=True, help="Open it in the browser. / 在浏览器里打开。")
def book(workspace: Workspace, names: tuple[str, ...], serving: bool, port: int, opening: bool) -> None:
    """Write the course as pages in both languages, to read in a browser; the network is not needed.

    把整门课写成中英文网页，在浏览器里读；不需要网络。
    """
    from coach.book.build import build, check_installed

    check_installed()
    workspace.check_lessons()
    site = build(workspace, _lessons(workspace, names), show)
    home = site / language() / "index.html"
    show(workspace.shown(home))
    if serving:
        _serve(site, port, opening)
    elif opening:
        _open(home.as_uri())


def _lessons(workspace: Workspace, names: tuple[str, ...]) -> list[Lesson]:
    """Those named, in the course's order; all of them where none is."""
    chosen = {lesson.name for name in names for lesson in lookup.lessons_called(workspace, name)}
    return [lesson for lesson in workspace.lessons if not names or lesson.name in chosen]


def _serve(site: Path, port: int, opening: bool) -> None:
    from coach.book.serve import serve

    def ready(address: str) -> None:
        show(address + say(zh="  （按 Ctrl+C 结束）", en="  (Ctrl+C ends it)"))
        if opening:
            _open(address)

    serve(site, port, ready)


def _open(address: str) -> None:
    import webbrowser

    webbrowser.open(address)
