"""The self-check questions: asked one at a time, answered, and marked by the learner."""

import hashlib
import sys
from typing import Any

from coach.course.lesson import Lesson, Question
from coach.state import State
from coach.words import RIGHT, UNWRITTEN, WRONG, Trouble, language, say

MARKS = {"y": "yes", "p": "partly", "n": "no"}


def key_of(lesson: Lesson, question: Question) -> str:
    """What a mark is stored under: it follows the question's text, not its place."""
    text = question.text.get("en") or question.text.get("zh", "")
    return f"{lesson.name}.{hashlib.sha256(text.encode('utf-8')).hexdigest()[:12]}"


def ask_all(lessons: list[Lesson], state: State, console: Any) -> None:
    """Asks every question of the lessons; without a terminal it shows them with their answers. `q` ends it."""
    asking = sys.stdin.isatty()
    if not asking:
        console.print(say(zh="这里不能输入，只显示题目和答案。", en="No terminal to answer in: shown, not asked."), "")
    questions = [(lesson, question) for lesson in lessons for question in lesson.questions]
    for number, (lesson, question) in enumerate(questions, 1):
        _show(console, f"{number}/{len(questions)}", question.text)
        if (
            asking
            and _reply(say(zh="你的回答（回车看答案，q 结束）", en="Your answer (Enter to see ours, q to stop)")) == "q"
        ):
            return
        _show(console, say(zh="答案", en="Answer"), question.answer)
        if asking and not _mark(state, key_of(lesson, question), question, console):
            return


def list_all(lessons: list[Lesson], state: State, console: Any) -> None:
    """The questions' first lines, each with the learner's mark."""
    names = {"yes": RIGHT, "partly": "·", "no": WRONG, "": UNWRITTEN}
    for lesson in lessons:
        for question in lesson.questions:
            mark = names.get(state.mark(key_of(lesson, question)), UNWRITTEN)
            first = next((line for line in question.text[language()].splitlines() if line.strip()), "")
            console.print(f"{mark} {first.lstrip('# ')}", markup=False, highlight=False)


def mark(lessons: list[Lesson], state: State, marked: str) -> None:
    """Notes how the learner knew a question: `3=partly`, its number as `lines` gives it, of one lesson."""
    number, _, how = marked.partition("=")
    known = lessons[0].questions if len(lessons) == 1 else []
    if how not in MARKS.values() or not number.isdecimal() or not 1 <= int(number) <= len(known):
        zh = f"--mark 要写成“题号=yes|partly|no”，并指明一课；这里有 {len(known)} 道题。"
        en = f"--mark wants NUMBER=yes|partly|no, and one lesson; there are {len(known)} questions here."
        raise Trouble(zh=zh, en=en)
    state.set_mark(key_of(lessons[0], known[int(number) - 1]), how)


def lines(lessons: list[Lesson], state: State) -> None:
    """Every question with its answer and the learner's mark, as JSON lines."""
    from coach.commands.lines import line

    for lesson in lessons:
        for number, question in enumerate(lesson.questions, 1):
            text, answer = question.text[language()], question.answer[language()]
            mark = state.mark(key_of(lesson, question))
            line("question", lesson=lesson.name, number=number, text=text, answer=answer, see=question.see, mark=mark)


def _show(console: Any, heading: str, text: dict[str, str]) -> None:
    from rich.markdown import Markdown

    console.rule(heading, align="left")
    console.print(Markdown(text[language()]))
    console.print()


def _mark(state: State, key: str, question: Question, console: Any) -> bool:
    """Asks how the learner's answer was and remembers it; False for `q`."""
    prompt = say(
        zh="答对了吗？y 对，p 部分，n 没有，回车跳过，q 结束",
        en="Was yours right? y, p(artly), n, Enter to skip, q to stop",
    )
    while (reply := _reply(prompt).lower()[:1]) not in {*MARKS, "", "q"}:
        continue
    if reply in MARKS:
        state.set_mark(key, MARKS[reply])
    if reply in ("p", "n") and question.see:
        zh, en = f"这个练习可以补上：coach check {question.see}", f"This exercise mends it: coach check {question.see}"
        console.print(say(zh=zh, en=en), "", markup=False, highlight=False)
    return reply != "q"


def _reply(prompt: str) -> str:
    """One line; the end of the input means `q`."""
    try:
        return input(f"{prompt}: ").strip()
    except EOFError:
        return "q"
