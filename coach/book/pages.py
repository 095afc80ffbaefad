"""A script and what its cells gave, as one page in one language: what a learner reads, with all that helps folded."""

import html
from dataclasses import dataclass, field
from typing import Any

from coach.book.outputs import node, shown
from coach.book.running import Outputs
from coach.book.scripts import Script
from coach.course.lesson import Exercise
from coach.course.percent import MAIN, MARK, fenced, headings, language_of, tags_of, without_solutions


@dataclass
class Page:
    """A page: its cells, the identifiers of its headings in their order, and the data of its figures by name."""

    lang: str
    cells: list[Any] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)

    def text(self, source: str, anchor: str = "") -> None:
        """Markdown; its headings are numbered through, so that both languages have the same places, or called `anchor`."""
        self.anchors += [anchor or f"s{len(self.anchors) + i}" for i in range(len(headings(source)))]
        self.cells.append(node(cell_type="markdown", metadata={}, source=source))

    def code(self, source: str, outputs: list[Any], *, hidden: bool = False) -> None:
        if source.strip():
            tags = {"tags": ["remove-input"]} if hidden else {}
            made = {"metadata": tags, "source": source, "outputs": outputs, "execution_count": None}
            self.cells.append(node(cell_type="code", **made))

    def folded(self, kind: str, summary: str, source: str) -> None:
        """Markdown that the reader must open."""
        self.text(f'<details class="{kind}">\n<summary>{summary}</summary>\n\n{source}\n\n</details>')

    def told(self, *, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def notebook(self) -> Any:
        """As MyST-NB reads it; the same bytes every time."""
        for number, cell in enumerate(self.cells):
            cell["id"] = f"cell-{number}"
        python = {"name": "python", "pygments_lexer": "python"}
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata = {"kernelspec": kernel, "language_info": python}
        return node(nbformat=4, nbformat_minor=5, cells=self.cells, metadata=metadata)


@dataclass
class Book:
    """What a page must know of the others: which exercises there are, and how each is called unmistakably."""

    scripts: list[Script]
    called: dict[tuple[str, str], str]  # by the lesson's name and the exercise's

    def place_of(self, see: str, lesson: str) -> tuple[str, str] | None:
        """The address and the name of the exercise that `see` names: `f`, or `lesson.f`; None if this book has it not."""
        of, _, exercise = see.rpartition(".")
        of = of or lesson
        for script in self.scripts:
            if not script.is_play and script.lesson.name == of and exercise in script.lesson.names:
                return f"{of}.html#{exercise}", exercise
        return None


def page_of(book: Book, script: Script, outputs: Outputs, lang: str) -> Page:
    """The page of a lesson or of a play."""
    page = Page(lang)
    writer = _Writer(book, script, page)
    results = iter(outputs)
    for cell in script.cells:
        result = next(results) if cell.cell_type == "code" else []
        if language_of(cell) in (None, lang):
            writer.add(cell, result)
    writer.end_exercise()
    return page


class _Writer:
    """Goes through a script's cells in one language."""

    def __init__(self, book: Book, script: Script, page: Page) -> None:
        self.book, self.script, self.page = book, script, page
        self.exercises = {} if script.is_play else {one.name: one for one in script.lesson.exercises}
        self.hints = 0
        self.solution = ""
        self.heading = -1  # the last heading, until an exercise takes it

    def add(self, cell: Any, result: list[dict[str, Any]]) -> None:
        tags = tags_of(cell)
        if "hint" in tags:
            self.hints += 1
            summary = self.page.told(zh=f"提示 {self.hints}", en=f"Hint {self.hints}")
            return self.page.folded("hint", summary, cell.source)
        self.end_exercise()
        if "question" in tags:
            self._question(cell)
        elif "answer" in tags:
            self.page.folded("answer", self.page.told(zh="答案", en="Answer"), cell.source)
        elif cell.cell_type == "markdown":
            before = len(self.page.anchors)
            self.page.text(cell.source)
            if len(self.page.anchors) > before:
                self.heading = len(self.page.anchors) - 1
        elif exercise := self.exercises.get(cell.metadata.get("exercise", "")):
            self._exercise(exercise, cell.source, result)
        else:
            made = shown(result, self.page.figures)
            self.page.code(cell.source, made, hidden=self.script.is_play)

    def _exercise(self, exercise: Exercise, source: str, result: list[dict[str, Any]]) -> None:
        """How to begin, the stub, and what its cell gives once it is right; hints follow, the solution comes last."""
        page, place = self.page, ""
        if self.heading >= 0:
            page.anchors[self.heading], self.heading = exercise.name, -1
        else:
            place = f' id="{exercise.name}"'
        page.text(f'<div class="begin"{place}>\n\n{self._begin(exercise)}\n\n</div>')
        page.code(without_solutions(source), shown(result, page.figures))
        self.hints, self.solution = 0, source

    def _begin(self, exercise: Exercise) -> str:
        lesson = self.script.lesson
        name = self.book.called[lesson.name, exercise.name]
        dots = "●" * exercise.difficulty + "○" * (5 - exercise.difficulty)
        file = f"{lesson.name}/{lesson.answers.name}"
        bonus = self.page.told(zh=" · 选做", en=" · bonus") if exercise.bonus else ""
        return self.page.told(
            zh=f"难度 {dots} · {exercise.minutes} 分钟{bonus}\\\n"
            f"在 VS Code 里写：终端运行 `coach start {lesson.day}`，在 `{file}` 里找到 `{exercise.name}`；写完运行 `coach check {name}`。",
            en=f"Difficulty {dots} · {exercise.minutes} min{bonus}\\\n"
            f"Write it in VS Code: run `coach start {lesson.day}` in a terminal and go to `{exercise.name}` in `{file}`; then run `coach check {name}`.",
        )

    def end_exercise(self) -> None:
        """The solution, below the hints, for whoever opens it on purpose."""
        if not self.solution:
            return
        source, self.solution = self.solution, ""
        lines = source.split(f"\n{MAIN}")[0].rstrip().split("\n")
        code = "\n".join(line for line in lines if line.strip() != MARK)
        summary = self.page.told(zh="参考解答（先自己写）", en="The course's solution (write your own first)")
        self.page.folded("solution", summary, fenced(code, "python"))

    def _question(self, cell: Any) -> None:
        see = ""
        if found := self.book.place_of(str(cell.metadata.get("see", "")), self.script.lesson.name):
            address, name = found
            link = f'<a href="{address}"><code>{html.escape(name)}</code></a>'
            see = "\n\n" + self.page.told(
                zh=f'<p class="see">答不上来：看 {link}。</p>', en=f'<p class="see">Not sure? See {link}.</p>'
            )
        title = self.page.told(zh="自测", en="Check yourself")
        self.page.text(f'<div class="question">\n<p class="question-title">{title}</p>\n\n{cell.source}{see}\n\n</div>')
