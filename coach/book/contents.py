"""The pages around the lessons: home with the syllabus, how to work in VS Code, the glossary; from the texts there are."""

import re
from itertools import groupby
from pathlib import Path

from coach.book.pages import Page
from coach.book.scripts import Script
from coach.course.glossary import Glossary, Term
from coach.course.workspace import Workspace

README = {"zh": "README.zh-CN.md", "en": "README.md"}
HERE_ONLY = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")  # a link into the repository, which the book has not
ROW = re.compile(r"^\| *\d+ *\| *`(\w+)` *\| *([^|]*?) *\|.*$", re.MULTILINE)


class Readme:
    """A README: its title and first lines, its sections, and what it says of each lesson."""

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            text = f"# {path.parent.name}\n"
        self.rows = dict(ROW.findall(text))
        first, *self.sections = re.split(r"^(?=## )", HERE_ONLY.sub(r"\1", text), flags=re.MULTILINE)
        self.title = first.split("\n")[0].lstrip("# ").strip() or path.parent.name
        self.first = "\n".join(line for line in first.split("\n")[1:] if " · " not in line).strip()


def home(workspace: Workspace, scripts: list[Script], lang: str) -> Page:
    """What the course is, its first commands, and the syllabus."""
    page, readme = Page(lang), Readme(workspace.root / README[lang])
    page.text(f"# {readme.title}\n\n{readme.first}", "home")
    if readme.sections:
        page.text(readme.sections[0].strip(), "begin")
    page.text("## " + page.told(zh="课程表", en="Syllabus"), "syllabus")
    lessons = [script for script in scripts if not script.is_play]
    for day, scripts_of_day in groupby(lessons, key=lambda script: script.lesson.day):
        _day(page, readme, day, list(scripts_of_day))
    total = sum(exercise.minutes for script in lessons for exercise in script.lesson.exercises)
    count = sum(len(script.lesson.names) for script in lessons)
    page.text(
        page.told(
            zh=f"一共 {count} 个练习，约 {round(total / 60)} 小时。",
            en=f"{count} exercises, about {round(total / 60)} h.",
        )
    )
    for caption, pages in _parts(page, scripts):
        page.text("\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```"]))
    return page


def _day(page: Page, readme: Readme, day: int, scripts: list[Script]) -> None:
    page.text(page.told(zh=f"### 第 {day} 天", en=f"### Day {day}"), f"day{day}")
    titles = page.told(zh="| 课 | 你要写的 | 练习 | 分钟 |", en="| lesson | what you write | exercises | minutes |")
    rows = [titles, "|---|---|--:|--:|"]
    for script in scripts:
        exercises = script.lesson.exercises
        link = f"[{script.title[page.lang]}]({script.page})"
        says = readme.rows.get(script.lesson.name, "")
        rows.append(f"| {link} | {says} | {len(exercises)} | {sum(exercise.minutes for exercise in exercises)} |")
    page.text("\n".join(rows))


def _parts(page: Page, scripts: list[Script]) -> list[tuple[str, list[str]]]:
    """The table of contents: its captions, each with its pages."""
    lessons = [script for script in scripts if not script.is_play]
    parts = [(page.told(zh="开始", en="Begin"), ["vscode"])]
    for day, of_day in groupby(lessons, key=lambda script: script.lesson.day):
        parts.append((page.told(zh=f"第 {day} 天", en=f"Day {day}"), [script.page for script in of_day]))
    if plays := [script.page for script in scripts if script.is_play]:
        parts.append((page.told(zh="玩一玩", en="Play"), plays))
    return [*parts, (page.told(zh="附录", en="Appendix"), ["glossary"])]


def vscode(workspace: Workspace, lang: str) -> Page:
    """The rest of the README: ways in, and a day's work."""
    page, readme = Page(lang), Readme(workspace.root / README[lang])
    page.text("# " + page.told(zh="在 VS Code 里学", en="Work in VS Code"))
    for section in readme.sections[1:]:
        if not ROW.search(section):
            page.text(section.strip())
    return page


def _places(terms: list[str]) -> list[str]:
    """An identifier for each term, the same in both languages; one that is explained again has a number."""
    names = ["term-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-") for term in terms]
    before = [names[:i].count(name) for i, name in enumerate(names)]
    return [f"{name}-{n + 1}" if n else name for name, n in zip(names, before, strict=True)]


def glossary(workspace: Workspace, scripts: list[Script], lang: str) -> Page:
    """Every term in both languages, under the lesson that introduces it; each has a place of its own."""
    page = Page(lang)
    page.text("# " + page.told(zh="术语表", en="Glossary"), "glossary")
    titles = {script.lesson.name: script for script in scripts if not script.is_play}
    terms = [term for path in _files(workspace) for term in Glossary.of(path).terms]
    places = _places([term.en for term in terms])
    for lesson, script in titles.items():
        here = [(place, term) for place, term in zip(places, terms, strict=True) if term.lesson == lesson]
        entries = [_entry(place, term, lang) for place, term in here]
        if entries:
            page.text(f"## [{script.title[lang]}]({script.page})", f"of-{lesson}")
            page.text("\n\n".join(entries))
    return page


def _entry(place: str, term: Term, lang: str) -> str:
    first, second = (term.zh, term.en) if lang == "zh" else (term.en, term.zh)
    other = "en" if lang == "zh" else "zh-CN"
    return f'<span class="term" id="{place}"></span>**{first}** · <span lang="{other}">{second}</span>\n: {term.says[lang]}'


def _files(workspace: Workspace) -> list[Path]:
    return sorted({lesson.folder.parents[1] / "glossary.toml" for lesson in workspace.lessons})
