"""The book, part by part: texts in two languages at once, outputs, pages, runs, formulas, search."""

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from minicourse import REPOSITORY, Mini

from coach.book import contents, outputs, pages, scripts
from coach.book.running import Runs, run_cells
from coach.commands.root import coach as coach_group
from coach.course import lookup
from coach.course.percent import headings
from coach.course.workspace import Workspace
from coach.figures import finish, wrapped
from coach.words import BOTH, LANGUAGES, Trouble, in_each, say, told_in

COURSE = Workspace(REPOSITORY)
NAMES = [lesson.name for lesson in COURSE.lessons]
INSTALLED = all(importlib.util.find_spec(name) for name in ("sphinx", "myst_nb", "furo", "ziamath"))
needs_extra = pytest.mark.skipif(not INSTALLED, reason="needs pip install -e '.[book]'")


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_LANG", BOTH)


def book_of(workspace: Workspace) -> pages.Book:
    called = {(one.name, n): lookup.name_of(workspace, one, n) for one in workspace.lessons for n in one.names}
    return pages.Book(scripts.scripts_of(workspace.lessons), called)


def page_of(workspace: Workspace, name: str, lang: str) -> pages.Page:
    """A lesson's page, as if every cell had printed its number."""
    book = book_of(workspace)
    script = next(script for script in book.scripts if script.page == name)
    printed = [[{"output_type": "stream", "name": "stdout", "text": f"{i}\n"}] for i in range(len(script.code))]
    return pages.page_of(book, script, printed, lang)


# --- two languages in one text


def test_one_text_holds_both_languages(both):
    text = "x: " + say(zh=f"甲{say(zh='乙', en='b')}", en="a") + ", " + say(zh="丙", en="c").upper()
    assert (told_in("zh", text), told_in("en", text)) == ("x: 甲乙, 丙", "x: a, C")


def test_what_measures_a_text_measures_each_language(both):
    text = say(zh="一二三四五六", en="one two three")
    folded = in_each(lambda part: "|".join(wrapped(part, 8)), text)
    assert (told_in("zh", folded), told_in("en", folded)) == ("一二三四|五六", "one two|three")
    assert in_each(str.upper, "plain") == "PLAIN"


def test_without_the_book_a_learner_reads_one_language(monkeypatch):
    for lang, text in (("zh", "甲"), ("en", "a")):
        monkeypatch.setenv("COACH_LANG", lang)
        assert say(zh="甲", en="a") == text


# --- outputs


def test_what_was_written_over_is_gone():
    assert outputs.plain("1/3\r2/3\r3/3\n\x1b[31mred\x1b[0m \n") == "3/3\nred\n"
    assert outputs.plain("a\r\nb\r\n") == "a\nb\n"
    assert outputs.plain(" \n") == ""


def test_a_figure_s_title_and_caption_are_text(both):
    import plotly.graph_objects as go

    figure = finish(
        go.Figure(go.Scatter(y=[1, 2])),
        say(zh="标题", en="Title <1>"),
        say(zh="看<b>这里</b>", en="Look x<sub>1</sub>"),
    )
    drawn = json.loads(figure.to_json() or "")
    data: dict[str, str] = {}

    def given(lang: str) -> list:
        return outputs.in_language([{"output_type": "display_data", "data": {outputs.PLOTLY: drawn}}], lang)

    (shown,) = outputs.shown(given("en"), data)
    html = shown["data"]["text/html"]
    assert "<strong>Title &lt;1&gt;</strong> Look x<sub>1</sub></figcaption>" in html
    ((name, kept),) = data.items()
    layout = json.loads(kept)["layout"]
    assert f'data-figure="{name}"' in html and "title" not in layout and not layout["annotations"]
    assert layout["height"] < figure.layout.height, "the room that the caption took is gone"
    assert "看<b>这里</b>" in outputs.shown(given("zh"), {})[0]["data"]["text/html"]


def test_what_is_printed_in_several_goes_is_one_output(both):
    parts = [say(zh="甲", en="a"), "1\r", "2\n"]
    given = [{"output_type": "stream", "name": "stdout", "text": part} for part in parts]
    (shown,) = outputs.shown(outputs.in_language(given, "zh"), {})
    assert shown["text"] == "2\n"


# --- pages


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_s_page_has_every_exercise_and_nothing_in_plain_sight_that_is_to_be_found(name):
    lesson = next(lesson for lesson in COURSE.lessons if lesson.name == name)
    places = {}
    for lang in LANGUAGES:
        page = page_of(COURSE, name, lang)
        texts = [cell.source for cell in page.cells if cell.cell_type == "markdown"]
        places[lang] = [*page.anchors, *re.findall(r'<div class="begin" id="(\w+)"', "\n".join(texts))]
        assert set(lesson.names) <= set(places[lang])
        assert len(places[lang]) == len(set(places[lang]))
        assert sum('<details class="solution">' in text for text in texts) == len(lesson.names)
        assert sum('<div class="question">' in text for text in texts) == len(lesson.questions)
        assert sum('<details class="hint">' in t for t in texts) == sum(len(x.hints[lang]) for x in lesson.exercises)
        assert all(f"coach start {lesson.day}`" in t for t in texts if t.startswith('<div class="begin"'))
        code = "\n".join(cell.source for cell in page.cells if cell.cell_type == "code")
        assert "# solution" not in code
        assert sum(len(cell.outputs) for cell in page.cells if cell.cell_type == "code") >= len(lesson.names)
    assert places["zh"] == places["en"]


def test_hints_come_before_the_solution_and_below_what_the_cell_gives(mini: Mini):
    page = page_of(mini.workspace, NUMBERS_PAGE, "en")
    kinds = [re.sub(r"\s.*", "", cell.source.replace("<details class=", "")) for cell in page.cells]
    at = next(i for i, kind in enumerate(kinds) if kind.startswith("<div"))
    stub = page.cells[at + 1]
    assert stub.source.count("raise NotImplementedError") == 1 and stub.outputs[0].text == "1\n"
    assert kinds[at + 2 : at + 5] == ['"hint">', '"hint">', '"solution">']
    assert "return 2 * x" in page.cells[at + 4].source and "tests.test_double" not in page.cells[at + 4].source


NUMBERS_PAGE = "part0_numbers"


def test_a_question_leads_to_its_exercise_only_if_the_book_has_it(mini: Mini):
    book = book_of(mini.workspace)
    assert book.place_of("double", "part0_numbers") == ("part0_numbers.html#double", "double")
    assert book.place_of("part0_words.loud", "part0_numbers") == ("part0_words.html#loud", "loud")
    book.scripts = book.scripts[:1]
    assert book.place_of("part0_words.loud", "part0_numbers") is None


def test_headings_in_code_are_none(mini: Mini):
    text = "# One\n\n```bash\n# a comment\n```\n## Two\n#no\n~~~\n# x\n~~~"
    assert headings(text) == [(1, "One"), (2, "Two")]
    change(mini.lesson("part0_numbers").solutions, " · 5 min\n", " · 5 min\n# ```bash\n# # install it\n# ```\n")
    assert mini.lesson("part0_numbers").exercise("double").title["en"] != "install it"


def test_home_is_the_readme_and_the_lessons():
    for lang in LANGUAGES:
        text = "\n".join(cell.source for cell in contents.home(COURSE, scripts.scripts_of(COURSE.lessons), lang).cells)
        assert "coach start 1" in text and "](README" not in text and "](CONTRIBUTING" not in text
        for lesson in COURSE.lessons:
            assert f"[{lesson.title[lang]}]({lesson.name})" in text
            (row,) = [line for line in text.splitlines() if f"({lesson.name})" in line]
            assert f"| {sum(exercise.minutes for exercise in lesson.exercises)} |" in row and "|  |" not in row
        assert "play_raytracing" in text


def test_every_term_has_a_place_of_its_own_in_both_languages():
    found = {}
    for lang in LANGUAGES:
        page = contents.glossary(COURSE, scripts.scripts_of(COURSE.lessons), lang)
        text = "\n".join(cell.source for cell in page.cells)
        found[lang] = re.findall(r'id="(term-[^"]+)"', text)
        assert text.count('class="term"') == len(found[lang]) > 200
    assert found["zh"] == found["en"] and len(set(found["zh"])) == len(found["zh"])


# --- running


def script_of(mini: Mini, name: str) -> scripts.Script:
    lesson = mini.lesson(name)
    return scripts.Script(lesson, lesson.solutions)


def key(mini: Mini, name: str) -> str:
    workspace = Workspace(mini.root)
    return Runs(workspace, mini.root / ".book")._key(script_of(mini, name))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def test_prose_may_change_and_code_may_not(mini: Mini):
    before = key(mini, "part0_numbers")
    solutions = mini.lesson("part0_numbers").solutions
    change(solutions, "The first sentence.", "Another sentence.")
    (solutions.parent / "answers.py").write_text("x = 1\n", encoding="utf-8")
    assert key(mini, "part0_numbers") == before
    change(solutions, "return 2 * x", "return x + x")
    after = key(mini, "part0_numbers")
    assert after != before
    change(solutions, "return x + x", 'return x + x or """\n# %% [markdown]\n"""')  # no cell begins in a string
    within = key(mini, "part0_numbers")
    change(solutions, '# %% [markdown]\n"""', '# %% [markdown]\n#"""')
    assert key(mini, "part0_numbers") not in (before, after, within)
    change(solutions.with_name("tests.py"), "6.0", "6.00")
    assert key(mini, "part0_numbers") not in (before, after)


def test_a_lesson_is_run_again_when_one_that_it_imports_changes(mini: Mini):
    words = mini.lesson("part0_words").solutions
    change(
        words,
        "from part0_words import tests",
        "from part0_numbers.solutions import double\nfrom part0_words import tests",
    )
    before = key(mini, "part0_words")
    change(mini.lesson("part0_numbers").solutions, "return 2 * x", "return x + x")
    assert key(mini, "part0_words") != before


def test_cells_are_run_once_for_both_languages(mini: Mini):
    said: list[str] = []
    solutions = mini.lesson("part0_numbers").solutions
    with open(solutions, "a", encoding="utf-8", newline="\n") as file:
        file.write(
            '\n# %%\nif __name__ == "__main__":\n    from coach import say\n    print(say(zh="完", en="end"))\n    open("left", "w").close()\n'
        )
    runs = Runs(Workspace(mini.root), mini.root / ".book")
    first = runs.results([script_of(mini, "part0_numbers")], said.append)
    again = runs.results([script_of(mini, "part0_numbers")], said.append)
    assert first == again and len(said) == 1 and said[0].startswith("part0_numbers")
    results = first["part0_numbers"]
    for lang, word in (("zh", "完"), ("en", "end")):
        assert outputs.shown(results[lang][-1], {})[0].text == f"{word}\n"
    assert outputs.shown(results["en"][1], {})[0].text == "✓ double\n"
    assert not (solutions.parent / "left").exists()


def test_where_a_text_is_cut_each_language_is_run_by_itself(mini: Mini):
    with open(mini.lesson("part0_numbers").solutions, "a", encoding="utf-8", newline="\n") as file:
        file.write(
            '\n# %%\nif __name__ == "__main__":\n    from coach import say\n    print([say(zh="一二三四", en="abcd")[:3]])\n'
        )
    runs = Runs(Workspace(mini.root), mini.root / ".book")
    results = runs.results([script_of(mini, "part0_numbers")], lambda text: None)["part0_numbers"]
    for lang, word in (("zh", "一二三"), ("en", "abc")):
        assert outputs.shown(results[lang][-1], {})[0].text == f"['{word}']\n"


def test_a_cell_that_fails_is_named_with_its_line(mini: Mini):
    import asyncio

    solutions = mini.lesson("part0_numbers").solutions
    with open(solutions, "a", encoding="utf-8", newline="\n") as file:
        file.write('\n# %%\nif __name__ == "__main__":\n    fine = 1\n    print(1 / 0)\n')
    line = solutions.read_text(encoding="utf-8").split("\n").index("    print(1 / 0)") + 1
    with pytest.raises(Trouble, match=rf"solutions.py:{line}.*ZeroDivisionError"):
        asyncio.run(run_cells(Workspace(mini.root), script_of(mini, "part0_numbers")))


# --- what the extra brings


@pytest.mark.skipif(not importlib.util.find_spec("latex2mathml"), reason="needs pip install -e '.[book]'")
def test_every_formula_of_the_course_can_be_set():
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    from coach.book.maths import NoFormula, mathml

    with pytest.raises(NoFormula):
        mathml(r"x + \nosuchthing y")
    reader, count = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin), 0
    for script in scripts.scripts_of(COURSE.lessons):
        for cell in (cell for cell in script.cells if cell.cell_type == "markdown"):
            for token in [one for block in reader.parse(cell.source) for one in (block, *(block.children or []))]:
                if token.type.startswith("math_"):
                    assert mathml(token.content, block=token.type == "math_block").startswith("<math")
                    count += 1
    assert count > 3000


@needs_extra
def test_a_run_of_chinese_is_found_by_any_two_neighbours():
    from coach.book.search import SearchHan

    search = SearchHan({})
    assert {"张量", "量的", "的形", "形状", "张", "shape"} <= set(search.split("张量的形状（shape）"))
    assert search.word_filter("张") and not search.word_filter("a")


@needs_extra
def test_a_small_course_becomes_a_book(mini: Mini):
    command = [sys.executable, "-m", "coach", "book", "--lessons", "numbers"]
    workspace = Workspace(mini.root)
    environment = workspace.environment() | {"COACH_LANG": "en"}
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], str(REPOSITORY)])
    done = subprocess.run(command, cwd=mini.root, env=environment, capture_output=True)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    site = mini.root / ".book" / "site"
    for lang, word in (("zh", "加倍"), ("en", "doubling")):
        page = (site / lang / "part0_numbers.html").read_text(encoding="utf-8")
        assert word in page and 'id="double"' in page and '<details class="solution">' in page
        assert (site / lang / "searchindex.js").is_file()


def test_without_the_extra_it_says_what_to_install(mini: Mini, monkeypatch: pytest.MonkeyPatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "furo" else real(name, *more))
    for lang, word in (("zh", "另外几个库"), ("en", "a few more libraries")):
        monkeypatch.setenv("COACH_LANG", lang)
        told = CliRunner().invoke(coach_group, ["book"])
        assert told.exit_code == 2 and word in told.output and "pip install -e '.[book]'" in told.output
    assert not (mini.root / ".book").exists()


def test_a_port_that_is_taken_is_told_with_the_way_out(tmp_path: Path):
    from coach.book import serve

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=f"{port}.*--port 0"):
            serve.serve(tmp_path, port, print)


def test_it_is_served_to_this_machine_alone(tmp_path: Path):
    import threading
    import urllib.request

    from coach.book import serve

    (tmp_path / "index.html").write_text("here", encoding="utf-8")
    addresses: list[str] = []
    ready = threading.Event()

    def said(address: str) -> None:
        addresses.append(address)
        ready.set()

    threading.Thread(target=serve.serve, args=(tmp_path, 0, said), daemon=True).start()
    assert ready.wait(10) and addresses[0].startswith("http://127.0.0.1:")
    with urllib.request.urlopen(addresses[0]) as answer:
        assert answer.read() == b"here"
