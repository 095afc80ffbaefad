"""The Unix dojo: a small tree to find one's way in, to search, to change, and to run programs in."""

import os
import re
import stat
from pathlib import Path

from coach.dojo.dojo import Dojo, Place, Step, Words

NAMES = {
    "map": ("地图", "map"),
    "north": ("北 岸", "north bank"),
    "logs": ("日志", "logs"),
    "results": ("结果", "results"),
    "moved": ("第 1 次 实验.csv", "run 1.csv"),
    "junk": ("不要了", "junk"),
    "hidden": (".暗号", ".password"),
}
RUNS = {
    "01": ["INFO start", "ERROR timeout", "INFO retry", "ERROR out of memory"],
    "02": ["INFO start", "ERROR timeout", "INFO done"],
    "03": ["INFO start", "WARNING slow disk", "ERROR timeout", "ERROR no such file", "INFO done"],
}
SCORES = [("ada", 71), ("bo", 88), ("cy", 64), ("di", 97), ("eli", 79), ("fay", 97), ("gus", 58)]
PASSWORD = "open sesame 1729"
RUN = """#!/bin/sh
# Writes one line to the output and one to the errors, then the file ran.txt.
echo "loss 0.25"
echo "warning: no GPU" >&2
echo "run by $0" > ran.txt
"""
GREET = """#!/bin/sh
echo "Hello, ${LEARNER:-stranger}"
"""


def build(place: Place) -> None:
    place.write("You are here.\n", "map", "north", "here.txt")
    place.write("Wrong bank.\n", "map", "south", "here.txt")
    place.write(PASSWORD + "\n", "map", "hidden")
    for number, lines in RUNS.items():
        place.write("".join(f"{line}\n" for line in lines), "logs", f"2026-{number}", f"run {number}.log")
    place.write("ERROR this is no log\n", "logs", "notes.txt")
    place.write("name,score\n" + "".join(f"{name},{score}\n" for name, score in SCORES), "scores.csv")
    place.write("step,loss\n1,0.9\n2,0.5\n", "moved")
    place.write("", "junk", "a", "b.tmp")
    place.write("", "junk", "c.tmp")
    place.write(RUN, "run.sh")
    place.write(GREET, "greet.sh")
    for name in ("run.sh", "greet.sh"):
        place.path(name).chmod(0o644)


def _written(place: Place, name: str) -> tuple[str, Words | None]:
    """What the learner wrote into a file of the top folder, or that it is not there."""
    text = place.read(name)
    if text is None:
        return "", (f"还没有 {name}（在最上层的文件夹里）。", f"There is no {name} yet (in the top folder).")
    return text.strip(), None


def _located(place: Place) -> Words | None:
    folder = place.path("map", "north")
    if not folder.is_dir():
        zh = "{map}/{north} 不见了：coach dojo unix --reset 重新开始。"
        return zh, "{map}/{north} is gone: coach dojo unix --reset begins anew."
    text = place.read("map", "north", "where.txt")
    if text is None:
        return "{map}/{north} 里还没有 where.txt。", "There is no where.txt in {map}/{north} yet."
    written = text.strip().replace("\\", "/").rstrip("/")
    if Path(written).name != folder.name or not written.endswith(f"{place.names['map']}/{place.names['north']}"):
        return "where.txt 里不是 {map}/{north} 的完整路径。", "where.txt does not hold the full path of {map}/{north}."
    if not re.match(r"(/|[A-Za-z]:)", written):
        return "where.txt 里的路径不是从根开始的。", "The path in where.txt does not begin at the root."
    return None


def _found_hidden(place: Place) -> Words | None:
    text, missing = _written(place, "password.txt")
    if missing:
        return missing
    return None if text == PASSWORD else ("password.txt 里不是那个暗号。", "password.txt does not hold the password.")


def _made(place: Place) -> Words | None:
    if place.path("results", "2026", "plots").is_dir():
        return None
    return "还没有文件夹 {results}/2026/plots。", "There is no folder {results}/2026/plots yet."


def _moved(place: Place) -> Words | None:
    if place.read("results", "moved") != "step,loss\n1,0.9\n2,0.5\n":
        return "{results} 里还没有 {moved}。", "{moved} is not in {results} yet."
    if place.path("moved").exists():
        return "原处还有一份：这是复制，不是移动。", "One is still at the old place: that was a copy, not a move."
    return None


def _listed(place: Place) -> Words | None:
    text, missing = _written(place, "logs.txt")
    if missing:
        return missing
    names = {line.strip().replace("\\", "/").rsplit("/", 1)[-1] for line in text.splitlines() if line.strip()}
    right = {f"run {number}.log" for number in RUNS}
    if names - right:
        zh = f"logs.txt 里有多余的：{'、'.join(sorted(names - right))}。"
        return zh, f"logs.txt holds too much: {', '.join(sorted(names - right))}."
    if right - names:
        zh = f"logs.txt 里少了 {'、'.join(sorted(right - names))}。"
        return zh, f"logs.txt lacks {', '.join(sorted(right - names))}."
    return None


def _searched(place: Place) -> Words | None:
    text, missing = _written(place, "errors.txt")
    if missing:
        return missing
    # what `grep -r` puts before a line, the file's name and perhaps a number, may stay
    found = sorted(line[line.find("ERROR") :].strip() for line in text.splitlines() if line.strip())
    right = sorted(line for lines in RUNS.values() for line in lines if line.startswith("ERROR"))
    if "ERROR this is no log" in found:
        return "errors.txt 里有 notes.txt 的一行，它不是日志。", "errors.txt has a line of notes.txt, which is no log."
    if found != right:
        zh = f"errors.txt 应当正好有 {len(right)} 行，都含有 ERROR；现在有 {len(found)} 行。"
        return zh, f"errors.txt should hold exactly the {len(right)} lines with ERROR; it has {len(found)}."
    return None


def _counted(place: Place) -> Words | None:
    text, missing = _written(place, "top.txt")
    if missing:
        return missing
    lines = text.splitlines()
    if len(lines) != 1 or not re.search(r"\b3\b", lines[0]) or "ERROR timeout" not in lines[0]:
        return "top.txt 应当是一行：最多的错误，和它出现的次数。", (
            "top.txt should be one line: the most frequent error, and how often it occurs."
        )
    return None


def _best(place: Place) -> Words | None:
    text, missing = _written(place, "best.txt")
    if missing:
        return missing
    if [line.strip() for line in text.splitlines()] not in (["di,97", "fay,97"], ["fay,97", "di,97"]):
        return "best.txt 应当是分数最高的两行。", "best.txt should hold the two lines with the highest scores."
    return None


def _run(place: Place) -> Words | None:
    if place.read("ran.txt") is None:
        return "run.sh 还没有运行过（它会写 ran.txt）。", "run.sh has not run yet (it writes ran.txt)."
    if os.name != "nt" and not place.path("run.sh").stat().st_mode & stat.S_IXUSR:
        return "run.sh 还不能直接运行：先改它的权限。", "run.sh can't be run by itself yet: change its permissions."
    return None


def _redirected(place: Place) -> Words | None:
    for name, line in (("out.txt", "loss 0.25"), ("err.txt", "warning: no GPU")):
        text, missing = _written(place, name)
        if missing:
            return missing
        if not text or set(text.splitlines()) != {line}:
            return f"{name} 里应当只有一行 `{line}`。", f"{name} should hold `{line}` alone."
    return None


def _appended(place: Place) -> Words | None:
    text, missing = _written(place, "history.txt")
    if missing:
        return missing
    if text.splitlines() != ["first", "second"]:
        return "history.txt 应当正好两行：first，second。", "history.txt should hold exactly two lines: first, second."
    return None


def _greeted(place: Place) -> Words | None:
    text, missing = _written(place, "greeting.txt")
    if missing:
        return missing
    if not text.startswith("Hello, ") or text in ("Hello, stranger", "Hello,"):
        return "greeting.txt 里还没有你的名字。", "greeting.txt does not hold your name yet."
    if place.read("greet.sh") != GREET:
        return "greet.sh 被改过：把它改回来，名字从环境变量来。", (
            "greet.sh was changed: put it back; the name comes from the environment."
        )
    return None


def _removed(place: Place) -> Words | None:
    if place.path("junk").exists():
        return "{junk} 还在。", "{junk} is still there."
    return None


def draw(place: Place) -> str:
    """The tree, to the depth of three, without what is hidden."""
    lines = [f"{place.root.name}/"]

    def below(folder: Path, depth: int) -> None:
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            lines.append("  " * depth + path.name + ("/" if path.is_dir() else ""))
            if path.is_dir() and depth < 3:
                below(path, depth + 1)

    below(place.root, 1)
    return "\n".join(lines)


STEPS = (
    Step(
        "where",
        (
            "走进 `{map}/{north}`，让 `pwd` 把你所在的完整路径写进那里的 `where.txt`。",
            "Go into `{map}/{north}`, and let `pwd` write the full path of where you are into a `where.txt` there.",
        ),
        (
            (
                "`cd` 走，`ls` 看，`pwd` 说在哪里。名字里有空格：加引号，或按 Tab 补全。",
                "`cd` goes, `ls` looks, `pwd` says where you are. A name with a space: use quotes, or press Tab.",
            ),
            ("`命令 > 文件` 把打印的写进文件。", "`command > file` writes what is printed into a file."),
        ),
        _located,
    ),
    Step(
        "hidden",
        (
            "回到最上层。`{map}` 里有一个看不见的文件：把它复制成最上层的 `password.txt`。",
            "Back to the top folder. `{map}` holds a file that one doesn't see: copy it to `password.txt` in the top folder.",
        ),
        (
            ("名字以点开头的，`ls` 不显示，除非……", "What begins with a dot is not shown by `ls`, except …"),
            ("`ls -a`；复制是 `cp 来源 目标`。", "`ls -a`; to copy is `cp SOURCE TARGET`."),
        ),
        _found_hidden,
    ),
    Step(
        "make",
        (
            "一条命令，建三层文件夹 `{results}/2026/plots`。",
            "With one command, make the three folders `{results}/2026/plots`.",
        ),
        (
            (
                "`mkdir` 建一层；要它连上面的一起建，有一个选项。",
                "`mkdir` makes one; an option makes those above it, too.",
            ),
            ("p 是 parents 的 p。", "p as in parents."),
        ),
        _made,
    ),
    Step(
        "move",
        (
            "把 `{moved}` 移进 `{results}`。",
            "Move `{moved}` into `{results}`.",
        ),
        (
            ("移动和改名是同一个命令。", "To move and to rename are one command."),
            (
                '`mv "来源" 文件夹/`：空格把名字拆成几个参数，引号把它们合起来。',
                '`mv "SOURCE" FOLDER/`: spaces split a name into several arguments, quotes keep it whole.',
            ),
        ),
        _moved,
    ),
    Step(
        "find",
        (
            "`{logs}` 下面藏着几个 `.log` 文件：把它们的路径写进最上层的 `logs.txt`，一行一个，别的文件不要。",
            "Somewhere below `{logs}` there are `.log` files: write their paths into `logs.txt` in the top folder, one a line, and no other file.",
        ),
        (
            ("`find` 走遍一棵树；按名字找有一个选项。", "`find` walks through a tree; an option looks for a name."),
            (
                "`find 文件夹 -name '*.log'`：引号让 `find` 而不是 shell 去解释星号。",
                "`find FOLDER -name '*.log'`: the quotes leave the star to `find`, not to the shell.",
            ),
        ),
        _listed,
    ),
    Step(
        "grep",
        (
            "把所有 `.log` 文件里含 `ERROR` 的行写进 `errors.txt`（`notes.txt` 不是日志）。",
            "Write all lines of the `.log` files that contain `ERROR` into `errors.txt` (`notes.txt` is no log).",
        ),
        (
            (
                "`grep 词 文件…` 打印含这个词的行；`-r` 走进文件夹。",
                "`grep WORD FILES` prints the lines with that word; `-r` goes into folders.",
            ),
            (
                "`--include='*.log'` 只看这些文件；`-h` 不打印文件名。",
                "`--include='*.log'` looks at these files only; `-h` leaves out the names.",
            ),
        ),
        _searched,
    ),
    Step(
        "pipe",
        (
            "哪种错误最多？把 `errors.txt` 里最多的那一行和它的次数写进 `top.txt`：只有一行。",
            "Which error is the most frequent? Write it with its count into `top.txt`, from `errors.txt`: one line.",
        ),
        (
            (
                "管道 `|` 把前一个的输出交给后一个。相同的行要挨在一起才好数。",
                "A pipe `|` hands the output of one to the next. Equal lines must stand together to be counted.",
            ),
            (
                "`sort`，`uniq -c`（数），再 `sort -rn`（按数字，从大到小），`head -n 1`。",
                "`sort`, `uniq -c` (counts), again `sort -rn` (by number, largest first), `head -n 1`.",
            ),
        ),
        _counted,
    ),
    Step(
        "columns",
        (
            "`scores.csv` 里分数最高的两行，写进 `best.txt`（不要表头）。",
            "Write the two lines of `scores.csv` with the highest scores into `best.txt` (without the header).",
        ),
        (
            (
                "`sort` 能按某一列排：用什么分列，第几列，按数字。",
                "`sort` can go by a column: what separates them, which one, and by number.",
            ),
            ("`-t,`、`-k2`、`-n`、`-r`；再 `head`。", "`-t,`, `-k2`, `-n`, `-r`; then `head`."),
        ),
        _best,
    ),
    Step(
        "run",
        (
            "让 `run.sh` 能直接运行，然后运行它。",
            "Make `run.sh` a program that can be run by itself, and run it.",
        ),
        (
            ("`ls -l` 开头的 `rw-` 缺一个 x。", "In `ls -l`, the `rw-` at the start lacks an x."),
            (
                "`chmod +x 文件`；运行当前文件夹里的程序要写 `./`。",
                "`chmod +x FILE`; a program in this folder is run with `./` before it.",
            ),
        ),
        _run,
    ),
    Step(
        "streams",
        (
            "再运行 `run.sh`，正常输出写进 `out.txt`，错误输出写进 `err.txt`。",
            "Run `run.sh` again, with its output in `out.txt` and its errors in `err.txt`.",
        ),
        (
            (
                "每个程序有两条输出：1 号给结果，2 号给错误。",
                "A program has two outputs: number 1 for results, number 2 for errors.",
            ),
            ("`> 文件` 是 1 号的，`2> 文件` 是 2 号的。", "`> FILE` takes number 1, `2> FILE` number 2."),
        ),
        _redirected,
    ),
    Step(
        "append",
        (
            "用两条 `echo` 写 `history.txt`：第一行 `first`，第二行 `second`。",
            "With two `echo`s write `history.txt`: its first line `first`, its second line `second`.",
        ),
        (
            ("`>` 会先清空文件。", "`>` empties the file first."),
            ("`>>` 接着写。", "`>>` goes on at its end."),
        ),
        _appended,
    ),
    Step(
        "environment",
        (
            "`greet.sh` 从环境变量 `LEARNER` 里读名字。不改它，让它向你问好，写进 `greeting.txt`。",
            "`greet.sh` reads a name from the environment variable `LEARNER`. Without changing it, let it greet you, into `greeting.txt`.",
        ),
        (
            ("子进程只看得见导出（export）了的变量。", "A program sees only those variables that were exported."),
            (
                "`export LEARNER=…`，或者把 `LEARNER=…` 写在命令前面；运行可以用 `sh greet.sh`。",
                "`export LEARNER=…`, or `LEARNER=…` in front of the command; `sh greet.sh` runs it.",
            ),
        ),
        _greeted,
    ),
    Step(
        "remove",
        (
            "删掉文件夹 `{junk}` 和里面的一切，别的都留着。这里没有回收站。",
            "Delete the folder `{junk}` and all that is in it, and nothing else. There is no waste-paper basket here.",
        ),
        (
            (
                "`rm` 删文件；删文件夹要一个选项。先用 `ls` 看看你要删的是什么。",
                "`rm` deletes files; for a folder it needs an option. Look with `ls` at what you are about to delete.",
            ),
            ("r 是 recursive 的 r。", "r as in recursive."),
        ),
        _removed,
    ),
)

DOJO = Dojo("unix", ("Unix 道场", "The Unix dojo"), NAMES, STEPS, build, draw)
