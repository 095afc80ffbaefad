"""What some errors mean here, in plain words: a cell's own language, a string left open, a name taken from a package."""

import importlib.util
import re
import sys
from pathlib import Path

from coach.course.percent import NO_PYTHON, cells_of
from coach.running.job import ASKED, GIB, STARVED, Job, too_much
from coach.words import say

GUARD = 'if __name__ == "__main__":'

# What IPython understands and Python does not: how its line looks, and what to write in a file.
CELLS_OWN = (
    (r"%%?time(it)?\b", "用 `time.perf_counter()` 计时", "measure with `time.perf_counter()`"),
    (r"%matplotlib\b", "删掉它，图照样会显示", "take it out, figures are shown without it"),
    (
        r"!|(%%?(pip|conda|uv|sh|bash|cmd|system|sx|cd|ls)\b)|[\w.\[\], ]+=\s*!",
        "这是命令，在终端里运行",
        "that is a command: run it in the terminal",
    ),
    (r"%|[\w.\[\], ]+=\s*%", "删掉它", "take it out"),
    (r"\?|[\w.]+\?", "把鼠标停在名字上，或用 `help(…)`", "hover over the name, or call `help(…)`"),
)
AWAITED = ("'await' outside function", "'async with' outside async", "'async for' outside async", "asynchronous comp")


def cells_own(line: str, message: str) -> str:
    """What to write instead of a line that IPython understands and Python does not; "" if this is none."""
    if message.startswith(AWAITED) and not line[:1].isspace():
        return only_in_a_cell("await", "放进 `async def`，用 `asyncio.run(…)` 调用", "call it by `asyncio.run(…)`")
    for form, zh, en in CELLS_OWN:
        if re.match(form, line.strip()):
            return only_in_a_cell(line.strip(), zh, en)
    return ""


def only_in_a_cell(what: str, zh: str, en: str) -> str:
    what = what if len(what) <= 40 else what[:37] + "..."
    return say(
        zh=f"`{what}` 只在单元里有效，answers.py 却是当作一个 Python 文件读的：{zh}",
        en=f"`{what}` works in a cell only, and answers.py is read as a Python file: {en}",
    )


def magic_line(job: Job, failed: int) -> int:
    """The line that makes line `failed` no Python: itself, or the `%%…` that its cell begins with."""
    for above, cell in cells_of(job.data):
        code = [(i, x) for i, x in enumerate(cell.split("\n"), above + 1) if x.strip() and not x.startswith("#")]
        if code and code[0][0] <= failed <= code[-1][0] and code[0][1].startswith("%%"):
            return code[0][0]
    return failed


def left_open(data: bytes) -> int:
    """The line where a triple quote opens that its cell doesn't close and another one's quote closes by accident; else 0."""
    opened, text = 0, ""
    for above, cell in cells_of(data):
        text = text + cell if opened else cell
        message, line = _refused(text)
        if "unterminated triple-quoted" in message:
            opened = opened or above + line
        elif opened and message and "unterminated triple-quoted" not in _refused(cell)[0]:
            return opened
        else:
            opened = 0
    return opened


def _refused(code: str) -> tuple[str, int]:
    """Why `code` is no Python, and the line; "" if it is."""
    try:
        compile(code, "cell", "exec")
    except SyntaxError as error:
        return error.msg, error.lineno or 1
    except NO_PYTHON as error:
        return str(error) or type(error).__name__, 1
    return "", 0


def never_closed() -> str:
    zh, en = "这里用三个引号开始的字符串没有结束", "the string that three quotes open here is never closed"
    return say(zh=zh, en=en)


def too_deep() -> str:
    """Of a file that Python gives up reading."""
    zh, en = (
        "有一处嵌套太深或太长，Python 读不了",
        "something in it is nested too deeply, or too long, for Python to read",
    )
    return say(zh=zh, en=en)


def called_too_early(name: str) -> str:
    """Of a stub that is called while the file is read."""
    zh = f"`{name}` 还没有写，而这一行在读文件时就会调用它：把这一行放到 `{GUARD}` 下面"
    en = f"`{name}` is not written yet, and this line calls it whenever the file is read: put it under `{GUARD}`"
    return say(zh=zh, en=en)


def too_slow_to_read(limit: str) -> str:
    """Of a file that is still being read at its time limit."""
    zh = f"读这个文件 {limit} 秒还没有完：是死循环，还是训练之类的工作？后者放到 `{GUARD}` 下面，读文件时就不会运行"
    en = f"not done after {limit} s of reading the file: an endless loop? Work such as training belongs under `{GUARD}`, which is not run then"
    return say(zh=zh, en=en)


def meaning(why: str, code: str, job: Job) -> str:
    """`why`, or what it means here, where the process has limits and nobody at its keyboard."""
    if STARVED.search(why):
        asked = ASKED.search(why)
        wanted = "" if not asked else asked[2] or f"{int(asked[1]) / GIB:.1f} GiB"
        return too_much(job.memory, wanted)
    if "EOFError" in why and "input" in code:
        zh = "它用 `input()` 等键盘输入，而评判时没有键盘：需要的东西请从参数里取"
        en = "it waits for `input()`, and there is no keyboard here: take what it needs from its arguments"
        return say(zh=zh, en=en)
    if "BdbQuit" in why:
        zh, en = (
            "这里还留着调试器，而评判时没有键盘：删掉它",
            "a debugger was left in here, and there is no keyboard: take it out",
        )
        return say(zh=zh, en=en)
    if found := re.search(r"NameError: name '(display|get_ipython)'", why):
        zh = f"用 `print(…)`，或者放到 `{GUARD}` 下面"
        return only_in_a_cell(f"{found[1]}(…)", zh, f"use `print(…)`, or put it under `{GUARD}`")
    if re.search(r"\b(Import|ModuleNotFound|Attribute)Error: ", why):
        return why + "".join(map(_takes_a_name, namesakes(why, job)))
    return why


def namesakes(why: str, job: Job) -> list[Path]:
    """The learner's files with the name of a module in `why` that Python takes from elsewhere."""
    folder = Path(job.path).parent
    names = {name.split(".")[0] for name in re.findall(r"'([\w.]+)'", why)}
    beside = [
        at / f"{name}{end}"
        for name in sorted(names)
        for at in (folder, *folder.parents[:3])
        for end in (".py", "/__init__.py")
    ]
    return [path for path in beside if path.is_file() and not _is_found_at(path)]


def _is_found_at(path: Path) -> bool:
    name = path.parent.name if path.name == "__init__.py" else path.stem
    found = sys.modules.get(name) or importlib.util.find_spec(name)
    place = getattr(found, "__file__", None) or getattr(found, "origin", None)
    return bool(place) and Path(place).resolve() == path.resolve()


def _takes_a_name(path: Path) -> str:
    zh = f"（你的 {path.name} 与一个已有的模块同名，import 得到的是那一个：给文件改个名字）"
    en = f" (your {path.name} has the name of another module, which is the one that is imported: rename your file)"
    return say(zh=zh, en=en)
