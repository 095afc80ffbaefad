"""`coach classroom`: where the learners of a class stand, judged by the teacher's own copy of the course."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from coach.answers import collected
from coach.answers.collected import Collected
from coach.commands.group import Exit, command, json_option
from coach.commands.shared import Place, judge_all, show_table
from coach.course.workspace import Workspace
from coach.files import write_atomically
from coach.words import RIGHT, UNWRITTEN, WRONG, Trouble, say, show


@dataclass(frozen=True)
class Row:
    """One lesson of one learner, or why there is none."""

    learner: str
    commit: str
    lesson: str
    marks: dict[str, str]
    problem: str = ""


@command
@click.argument("sources", metavar="REPOSITORY...", nargs=-1, required=True)
@click.option("--csv", "to", type=Place(path_type=Path, dir_okay=False), help="A table to write. / 写成表格。")
@click.option(
    "--unprotected",
    is_flag=True,
    help="Judge even where the code can't be confined. / 无法隔离时也评判。",
)
@json_option
def classroom(workspace: Workspace, sources: tuple[str, ...], to: Path | None, unprotected: bool, as_json: bool) -> int:
    """For teachers: judge the answers in these repositories (addresses or folders), without a network.

    Only the answers.py files of the last commit are taken; tests and solutions are yours. Exit code 2 if a repository
    could not be judged.

    给老师：评判这些仓库（地址或文件夹）里的答案，评判时断网。只取最后一次提交的 answers.py，测试和解答用你自己的。有仓库无法评判时退出码为 2。
    """
    _check_refusal(unprotected)
    rows = []
    for source in sources:
        for row in _judged(workspace, collected.collect(source), isolated=not unprotected):
            rows.append(row)
            if as_json:
                _line(row)
    if not as_json:
        _show(rows)  # first: it took long, and the file may not be writable
    if to:
        write_atomically(to, _csv(rows).encode("utf-8-sig"))  # Excel takes it for UTF-8 by its mark
        if not as_json:
            show(workspace.shown(to))
    return Exit.MISUSED if any(row.problem for row in rows) else Exit.NOTHING_WRONG


def _check_refusal(unprotected: bool) -> None:
    """`Trouble` where strangers' code would have a network, or could write anywhere."""
    from coach.running.isolated import why_not

    if not unprotected and (why := why_not()):
        zh = f"这个系统没法隔离学生的代码（{why}）。请在 Linux 上、GitHub 的工作流里或容器里运行；确实要在这里评判：--unprotected。"
        en = f"This system can't confine the learners' code ({why}). Run this on Linux, in a workflow on GitHub or in a container; or, if you must, with --unprotected."
        raise Trouble(zh=zh, en=en)


def _judged(workspace: Workspace, answers: Collected, *, isolated: bool) -> Iterator[Row]:
    """A row for each lesson begun, in the course's order, then for those that this course lacks; one in any case."""
    from coach.commands.progress import by_exercise, standing

    if answers.problem:
        yield Row(answers.learner, "", "", {}, answers.problem)
        return
    with collected.beside_ours(workspace, answers) as copy:
        for lesson in copy.lessons:
            if not lesson.started:
                continue
            marks, problem = {}, ""
            try:
                verdicts = judge_all(copy, [(lesson, None)], bar=False, isolated=isolated)
                marks = standing(lesson, by_exercise(verdicts, lesson.names), copy.state).marks
            except Trouble as trouble:
                problem = str(trouble)
            except Exception as error:  # one learner's file is not to cost the others their rows
                problem = f"{type(error).__name__}: {error}"
            yield Row(answers.learner, answers.commit, lesson.name, marks, problem)
        for name in sorted(answers.answers.keys() - {lesson.name for lesson in copy.lessons}):
            zh = "你的课程里没有这一课：两边的版本不同"
            en = "your course has no such lesson: theirs is another version"
            yield Row(answers.learner, answers.commit, name, {}, say(zh=zh, en=en))
    for lesson, why in answers.left_out.items():
        yield Row(answers.learner, answers.commit, lesson, {}, why)
    if not answers.answers and not answers.left_out:
        yield Row(answers.learner, answers.commit, "", {})


def _line(row: Row) -> None:
    from coach.commands.lines import MARKS, line

    exercises = [{"name": name, "mark": MARKS[mark]} for name, mark in row.marks.items()]
    line("learner", learner=row.learner, commit=row.commit, lesson=row.lesson, exercises=exercises, problem=row.problem)


def _csv(rows: list[Row]) -> str:
    """A line for each exercise of each learner."""
    from coach.commands.lines import MARKS

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["learner", "commit", "lesson", "exercise", "mark", "problem"])
    for row in rows:
        for name, mark in row.marks.items() or [("", "")]:
            writer.writerow([row.learner, row.commit, row.lesson, name, MARKS.get(mark, ""), row.problem])
    return text.getvalue()


def _show(rows: list[Row]) -> None:
    cells = []
    for row in rows:
        counts = [str(list(row.marks.values()).count(mark)) for mark in (RIGHT, WRONG, UNWRITTEN)]
        nothing = say(zh="还没有开始", en="nothing begun")
        told = row.problem.split("\n")[-1] if row.problem else "" if row.lesson else nothing
        cells.append([row.learner, row.lesson, *counts, told])
    show_table([say(zh="学生", en="learner"), "", RIGHT, WRONG, UNWRITTEN, ""], cells, folding={5}, right={2, 3, 4})
