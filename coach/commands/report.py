"""`coach report`: a file that says all that is needed to mend a verdict or a text, and nothing about the learner."""

import importlib.metadata
import itertools
import platform
from collections.abc import Iterator
from pathlib import Path

import click

from coach.answers import learner
from coach.commands.group import command
from coach.commands.private import Private
from coach.commands.shared import judge_all, said_option
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.percent import fenced
from coach.course.release import Release
from coach.course.workspace import Workspace
from coach.files import create
from coach.words import say, show

PACKAGES = ("torch", "numpy", "einops", "jaxtyping", "beartype", "plotly", "scikit-learn")


@command
@click.argument("name", metavar="EXERCISE|FILE:LINE")
@said_option
def report(workspace: Workspace, name: str) -> None:
    """Write what to send if a right answer is rejected, a wrong one passes, or a text is unclear. Sends nothing.

    对的答案被判错、错的通过了、或者题目说不清楚：写一份报告文件，由你自己发。它不发送任何东西。
    """
    lesson, exercise = lookup.exercise_called(workspace, name)
    if not lesson.started:
        raise lesson.not_begun()
    text = _text(workspace, lesson, exercise)
    folder = workspace.memory / "reports"
    for number in itertools.count(1):
        path = folder / f"{lesson.name}.{exercise}-{number}.md"
        try:
            create(path, text.encode("utf-8"))
            break
        except FileExistsError:
            continue
    show(f"{workspace.shown(path)}:1")
    zh = (
        "报告写好了，没有发送。先读一遍，补上你的话，再贴到课程 GitHub 页面的 Issues › New issue › 对的答案被判错（或相应的一项）。\n"
        "里面有你的答案、判定和版本号；没有你的名字、路径和机器名。你自己写在代码和注释里的会原样保留。"
    )
    en = (
        "The report is written; nothing was sent. Read it, add your words, and paste it on the course's page on GitHub: "
        "Issues › New issue › A right answer was rejected (or whichever fits).\n"
        "It holds your answer, the verdict and the versions; not your name, your paths or your machine's name. "
        "What you wrote yourself in code and comments stays as it is."
    )
    show(say(zh=zh, en=en))


def _text(workspace: Workspace, lesson: Lesson, exercise: str) -> str:
    from coach.judging.verdict import render

    verdicts = judge_all(workspace, [(lesson, [exercise])], bar=False)
    private = Private.here(workspace.root)
    answer = private.hidden_in_code("\n".join(learner.learners_cell(lesson, exercise)))
    judged = private.hidden("\n".join(render(verdict, colour=False) for verdict in verdicts))
    what = say(
        zh="<!-- 你认为哪里不对？对的答案被判错 / 错的答案通过了 / 题目说不清楚。为什么？ -->",
        en="<!-- What is wrong? A right answer was rejected / a wrong one passed / the text is unclear. Why? -->",
    )
    parts = [
        f"# {lesson.name}.{exercise}",
        f"{what}\n",
        f"## {say(zh='答案', en='Answer')}",
        fenced(answer, "python"),
        f"## {say(zh='判定', en='Verdict')}",
        fenced(judged),
        f"## {say(zh='版本', en='Versions')}",
        "\n".join(f"- {what}: {version}" for what, version in versions(workspace.root)),
    ]
    return "\n\n".join(parts) + "\n"


def versions(root: Path) -> Iterator[tuple[str, str]]:
    """What a verdict may depend on: the course, Python and its packages, the kind of system."""
    yield say(zh="课程", en="course"), str(Release.of(root))
    yield "Python", platform.python_version()
    for package in PACKAGES:
        try:
            yield package, importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            yield package, say(zh="没有安装", en="not installed")
    yield say(zh="系统", en="system"), f"{platform.system()} {platform.machine()}"
    yield say(zh="语言", en="language"), say(zh="zh", en="en")
