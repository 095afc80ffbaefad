"""The rules on a lesson's prose: pairs of languages, hints, questions, terms, wordings, length."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from coach.course.glossary import Term
from coach.course.percent import HIDDEN, headings
from coach.rules.page import Cell, Finding, Page, rule
from coach.words import LANGUAGES, say

MATHS = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
FENCED = re.compile(r"^(```|~~~).*?^\1|^\|.*?$", re.DOTALL | re.MULTILINE)
CHINESE = re.compile("[\u4e00-\u9fff]")
HINTS, QUESTIONS, VIEW, WORDS = (2, 3), 8, 1000, 15
SHORTEST = {"zh": 8, "en": 20}  # characters of a hint: the snippet's "提示。" and "A hint." are no hints


def held_in_common(source: str) -> dict[str, Counter]:
    """What must be the same in both languages."""
    plain = MATHS.sub("", source)
    found = headings(plain)
    return {
        "headings": Counter("#" * level for level, _ in found),
        "inline code": Counter(CODE.findall(plain)),
        "links": Counter(re.findall(r"\]\(([^)]+)\)", plain)),
        "maths": Counter(MATHS.findall(source)),
        "numbers in headings": Counter(re.findall(r"\d+", " ".join(text for _, text in found))),
    }


@rule
def languages_come_in_pairs(page: Page) -> Iterator[Finding]:
    """zh, then en, side by side, with the same tags."""
    cells = page.cells
    for i, cell in enumerate(cells):
        if cell.code:
            continue
        twin = cells[i + 1] if i + 1 < len(cells) else None
        before = cells[i - 1] if i else None
        right = (
            twin and (twin.code, twin.lang) == (False, "en")
            if cell.lang == "zh"
            else cell.lang == "en" and before and before.lang == "zh"
        )
        if not right:
            fix = say(
                zh='先写 lang="zh" 的一格，紧接着写 lang="en" 的一格',
                en='write its cell with lang="zh", and right below it the one with lang="en"',
            )
            yield page.bad(
                cell.line, fix, zh="这一格没有另一种语言的一半", en="this cell lacks its twin in the other language"
            )


def _pairs(page: Page) -> list[tuple[Cell, Cell]]:
    return [(a, b) for a, b in zip(page.cells, page.cells[1:], strict=False) if (a.lang, b.lang) == ("zh", "en")]


@rule
def pairs_agree(page: Page) -> Iterator[Finding]:
    for zh, en in _pairs(page):
        for key in ("tags", "see", "numbers"):
            if zh.data.get(key) != en.data.get(key):
                fix = say(zh="两边写成一样", en="write the same on both")
                yield page.bad(en.line, fix, zh=f"两种语言的 {key} 不同", en=f"{key} differs between the languages")
        ours, theirs = held_in_common(zh.source), held_in_common(en.source)
        for what, count in ours.items():
            if odd := (count - theirs[what]) + (theirs[what] - count):
                told = ", ".join(map(str, list(odd)[:3]))
                fix = say(
                    zh="两种语言要有同样的标题、代码、链接和公式",
                    en="give both the same headings, code, links and maths",
                )
                yield page.bad(en.line, fix, zh=f"只在一种语言里：{told}", en=f"in one language only ({what}): {told}")
        if not CHINESE.search(zh.source) or CHINESE.search(en.source):
            cell = en if CHINESE.search(en.source) else zh
            fix = say(zh="zh 写中文，en 写英文", en="write Chinese under zh, English under en")
            yield page.bad(cell.line, fix, zh="语言与标记不符", en="the language is not the marker's")


UNSPACED = re.compile("[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")
HALF_WIDTH = re.compile("[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")
TOUCHING = re.compile("[\u4e00-\u9fff][`$]|[`$][\u4e00-\u9fff]")


@rule
def chinese_is_set_well(page: Page) -> Iterator[Finding]:
    for cell in (cell for cell in page.prose if cell.lang == "zh"):
        text = re.sub(r"\]\([^)]+\)", "", _blanked(cell.source))
        raw = cell.source.replace("$$", "  ")
        for pattern, where in ((UNSPACED, text), (TOUCHING, raw)):
            if found := pattern.search(where):
                fix = say(
                    zh="在中文与西文、代码、公式之间留一个空格",
                    en="leave a space between Chinese and Latin text, code or maths",
                )
                yield page.bad(
                    cell.line_of(found.start()), fix, zh=f"“{found[0]}”之间没有空格", en=f"no space in “{found[0]}”"
                )
        if found := HALF_WIDTH.search(text):
            fix = say(zh="用全角标点", en="use full-width punctuation")
            yield page.bad(
                cell.line_of(found.start()),
                fix,
                zh=f"半角标点“{found[0]}”",
                en=f"half-width punctuation in “{found[0]}”",
            )


def _blanked(source: str) -> str:
    """`source` with what stands in formulas and code made a sign that is neither Chinese nor Latin; no place moves."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", "\x00", found[0])

    return CODE.sub(blank, MATHS.sub(blank, source))


@rule
def hints_lead_on(page: Page) -> Iterator[Finding]:
    """One to three in each language; in the new form two or three, one where the difficulty is 1; none a placeholder."""
    for exercise in page.exercises:
        name, hints = exercise.data["exercise"], page.hints[exercise.data["exercise"]]
        counts = [sum(hint.lang == lang for hint in hints) for lang in LANGUAGES]
        zh, en = (
            f"{name} 的提示：中文 {counts[0]} 条，英文 {counts[1]} 条",
            f"hints of {name}: {counts[0]} in Chinese, {counts[1]} in English",
        )
        fix = say(
            zh="写两三条：先问一个问题，再给概念或函数，最后给答案的样子，但不给答案",
            en="write two or three: a question first, then the concept or the call, last the answer's shape, never its line",
        )
        if counts[0] != counts[1] or not 1 <= counts[1] <= HINTS[1]:
            yield page.bad(exercise.line, fix, zh=zh, en=en)
        elif counts[1] < HINTS[0] and exercise.data["difficulty"] > 1:
            yield page.teaching(exercise.line, fix, zh=zh, en=en)
        for hint in hints:
            if len(hint.source.strip()) < SHORTEST.get(hint.lang, 0):
                fix = say(zh="写出能帮上忙的话", en="write what helps")
                yield page.bad(
                    hint.line, fix, zh=f"这条提示什么也没说：{hint.source}", en=f"this hint says nothing: {hint.source}"
                )


@rule
def there_are_questions(page: Page) -> Iterator[Finding]:
    count = sum("question" in cell.tags and cell.lang == "en" for cell in page.prose)
    if count < QUESTIONS:
        fix = say(
            zh=f"写到 {QUESTIONS} 个以上，一半以上能靠运行代码验证",
            en=f"write {QUESTIONS} or more; half of them can be checked by running something",
        )
        yield page.teaching(1, fix, zh=f"自测题：{count} 个", en=f"self-check questions: {count}")


@rule
def see_names_an_exercise(page: Page) -> Iterator[Finding]:
    """Of this lesson, or `lesson.exercise` of another."""
    names = {lesson.name: set(lesson.names) for lesson in page.workspace.lessons}
    for cell in page.prose:
        if "question" not in cell.tags:
            continue
        of, _, exercise = str(cell.data.get("see", "")).rpartition(".")
        if exercise not in names.get(of or page.lesson.name, set()):
            fix = say(
                zh='写 see="练习" 或 see="另一课.练习"',
                en='write see="exercise", or see="lesson.exercise" of another lesson',
            )
            zh, en = f"see={cell.data.get('see')!r} 不是练习", f"see={cell.data.get('see')!r} is no exercise"
            yield page.bad(cell.line, fix, zh=zh, en=en)


@rule
def a_sitting_is_long_enough(page: Page) -> Iterator[Finding]:
    """The learner's view has at most 1,000 lines."""
    for lang in LANGUAGES:
        length = page.lesson.view(lang).count("\n")
        if length > VIEW:
            fix = say(zh="分成两课", en="make two lessons of it")
            yield page.teaching(
                1,
                fix,
                zh=f"学习者的文件（{lang}）有 {length} 行，超过 {VIEW}",
                en=f"the learner's file ({lang}) has {length} lines, above {VIEW}",
            )


def words_of(source: str) -> int:
    """English words of prose: a formula or a piece of inline code is one, a fenced block or a table's lines are none."""
    plain = FENCED.sub("", source)
    return len(re.findall(r"[^\W\d_][\w'’-]*", CODE.sub(" code ", MATHS.sub(" formula ", plain))))


@rule
def prose_is_measured(page: Page) -> Iterator[Finding]:
    code = sum(bool(line.strip()) for cell in page.cells if cell.code for line in cell.source.split("\n"))
    words = sum(words_of(cell.source) for cell in page.prose if cell.lang == "en" and not cell.tags & HIDDEN)
    if words > WORDS * code:
        fix = say(zh="删去没有人需要的句子，或者让代码来演示", en="take out what nobody needs, or let code show it")
        yield page.bad(
            1,
            fix,
            zh=f"{words} 个英文单词，{code} 行代码：每行超过 {WORDS} 个",
            en=f"{words} words for {code} lines of code: more than {WORDS} a line",
        )


@rule
def terms_are_introduced(page: Page) -> Iterator[Finding]:
    """The first use of a term that the glossary says is introduced here: **bold** in English, 中文（English） in Chinese."""
    for term in page.glossary.introduced_in(page.lesson.name):
        for word, lang in ((term.zh, "zh"), (term.en, "en")):
            found = _first_use(page, word, lang)
            if found is None:
                fix = say(
                    zh="解释它，或改 glossary.toml 里的 lesson", en="explain it, or mend its lesson in glossary.toml"
                )
                yield page.teaching(1, fix, zh=f"没有用到“{word}”", en=f"“{word}” is not used")
            elif not _introduced(term, lang, *found):
                line = found[0].line_of(found[1])
                form = f"**{term.en}**" if lang == "en" else f"{term.zh}（{term.en}）"
                fix = say(zh=f"写成 {form}，并在这一句里解释", en=f"write {form}, and explain it in that sentence")
                zh, en = f"“{word}”第一次出现没有介绍", f"the first “{word}” does not introduce it"
                yield page.teaching(line, fix, zh=zh, en=en)


def _introduced(term: Term, lang: str, cell: Cell, start: int, end: int) -> bool:
    if lang == "en":
        return _bold(cell.source, start, end)
    english = re.compile(rf"\**（[^）]*{_flexible(term.en)}", re.IGNORECASE)
    return term.zh == term.en or bool(english.match(cell.source, end))


def _first_use(page: Page, word: str, lang: str) -> tuple[Cell, int, int] | None:
    """The cell and the place of a term's first use in what the learner reads.

    The opening, which only announces, is left out, and so are headings, code and longer terms.
    """
    longer = [t.en if lang == "en" else t.zh for t in page.glossary.terms]
    longer = [other for other in longer if word.lower() in other.lower() and len(other) > len(word)]
    pattern = re.compile(rf"\b{_flexible(word)}(?:s|es)?\b" if lang == "en" else re.escape(word), re.IGNORECASE)
    for cell in page.prose:
        if cell.lang != lang or cell.tags & HIDDEN or cell.source.startswith("# "):
            continue
        text = re.sub(r"^#+ .*", lambda m: "\x00" * len(m[0]), _blanked(cell.source), flags=re.MULTILINE)
        for other in longer:
            text = re.sub(_flexible(other), lambda m: "\x00" * len(m[0]), text, flags=re.IGNORECASE)
        if found := pattern.search(text):
            return cell, *found.span()
    return None


def _flexible(word: str) -> str:
    """A pattern of the words: a hyphen is as good as a space, and `optimizer` as `optimiser`."""
    written = r"[-\s]".join(re.escape(part) for part in re.split(r"[-\s]", word))
    return re.sub(r"i[sz](?=[aei])", "i[sz]", written)


def _bold(source: str, start: int, end: int) -> bool:
    """Whether a place lies within ** and **, on its line."""
    first = source.rfind("\n", 0, start) + 1
    return source.count("**", first, start) % 2 == 1 and "**" in source[end:].split("\n")[0]


@rule
def no_wording_is_banned(page: Page) -> Iterator[Finding]:
    """In the prose, and in what figures, tests and mistakes say."""
    texts = list(_texts(page))
    for lang, banned in page.glossary.banned:
        pattern = re.compile(banned.pattern, re.IGNORECASE)
        fix = say(zh=f"改用：{banned.better}", en=f"better: {banned.better}")
        for path, first, text in texts:
            for found in pattern.finditer(text) if bool(CHINESE.search(text)) == (lang == "zh") else ():
                line = first + text.count("\n", 0, found.start())
                zh, en = f"“{found[0]}”不要用", f"“{found[0]}” is not to be used"
                yield page.teaching(line, fix, zh=zh, en=en, file=path)


def _texts(page: Page) -> Iterator[tuple[Path, int, str]]:
    """What can be read of a lesson, each with its file and first line: cells of prose without their code, and strings."""
    for cell in page.prose:
        yield page.lesson.solutions, cell.line + 1, CODE.sub(lambda m: "\x00" * len(m[0]), cell.source)
    for path in page.files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.lineno, node.value


TEXT = (
    languages_come_in_pairs,
    pairs_agree,
    chinese_is_set_well,
    hints_lead_on,
    there_are_questions,
    see_names_an_exercise,
    a_sitting_is_long_enough,
    prose_is_measured,
    terms_are_introduced,
    no_wording_is_banned,
)
