"""One test per exercise of the workshop; each is called from its cell, and collected by pytest."""

import itertools
import posixpath

from coach import case, close, holds, judged

# git


@judged
def test_history(history):
    line = {"A": [], "B": ["A"], "C": ["B"], "D": ["B"], "E": ["D"]}
    merged = line | {"M": ["C", "E"], "N": ["M"], "X": [], "Y": ["X", "N"]}
    for graph, tip, expected in (
        (line, "C", "ABC"),
        (line, "E", "ABDE"),
        (line, "A", "A"),
        (merged, "M", "ABCDEM"),
        (merged, "D", "ABD"),
        (merged, "Y", "ABCDEMNXY"),
        ({"C": ("B", "A"), "B": ("A",), "A": ()}, "C", "ABC"),
    ):
        close(sorted(history(graph, tip)), sorted(expected))
        holds(isinstance(history(graph, tip), set), zh="应当返回集合（set）", en="it should return a set")
    long = {str(i): [str(i - 1)] if i else [] for i in range(5000)}
    with case(zh="一条直线上有 5000 个提交", en="5000 commits in a row"):
        close(len(history(long, "4999")), 5000)
    diamonds = {"0": []}
    for i in range(40):
        diamonds |= {f"{i}l": [str(i)], f"{i}r": [str(i)], str(i + 1): [f"{i}l", f"{i}r"]}
    with case(zh="40 次分开又合并", en="40 times branched and merged"):
        close(len(history(diamonds, "40")), 121)


def three_way(old, mine, other):
    """What becomes of one file: its text, None for no file, or "!" for a conflict."""
    if mine == other:
        return mine
    if mine == old:
        return other
    return mine if other == old else "!"


@judged
def test_merge(merge):
    contents = (None, "1", "2", "3")
    for old, mine, other in itertools.product(contents, repeat=3):
        base, ours, theirs = ({} if text is None else {"f": text} for text in (old, mine, other))
        result = three_way(old, mine, other)
        conflicts = ["f"] if result == "!" else []
        merged = {} if result in (None, "!") else {"f": result}
        with case(zh=f"祖先 {base}，我们 {ours}，他们 {theirs}", en=f"ancestor {base}, ours {ours}, theirs {theirs}"):
            got = merge(base, ours, theirs)
            close([dict(got[0]), sorted(got[1])], [merged, conflicts])
            holds(isinstance(got[1], set), zh="第二个应当是集合", en="the second should be a set")
    base = {"a": "1", "b": "1", "c": "1", "d": "1", "e": ""}
    ours = {"a": "2", "b": "1", "d": "2", "n": "x", "e": ""}
    theirs = {"a": "1", "c": "1", "d": "3", "m": "y", "e": "full"}
    with case(zh="许多文件", en="many files"):
        got = merge(base, ours, theirs)
        close([dict(got[0]), sorted(got[1])], [{"a": "2", "n": "x", "m": "y", "e": "full"}, ["d"]])
    with case(zh="空文件不是没有文件", en="an empty file is not a missing one"):
        got = merge({"a": "1", "b": ""}, {"a": "", "b": ""}, {"a": "1", "c": ""})
        close([dict(got[0]), sorted(got[1])], [{"a": "", "c": ""}, []])


# the shell


@judged
def test_absolute(absolute):
    cwd, home = "/work/day1", "/home/you"
    paths = [
        "a.py",
        "./a.py",
        "../day2/b.py",
        "~/notes",
        "~",
        "/etc",
        "/",
        "",
        ".",
        "..",
        "../..",
        "../../../..",
        "a//b/",
    ]
    paths += ["~/../x", "/a/./b/../c", "~a/b", "a~", "b/~/c", "/../x", "..a/b", "a/../../day1/", "notes/...", "~/"]
    for path in paths:
        begin = home + path[1:] if path == "~" or path[:2] == "~/" else path
        with case(zh=f"`{path}`", en=f"`{path}`"):
            close(absolute(path, cwd, home), posixpath.normpath(posixpath.join(cwd, begin)))
    for path, expected in (("x", "/x"), ("..", "/"), ("", "/"), ("~/x", "/root/x")):
        with case(zh=f"站在 `/`：`{path}`", en=f"standing in `/`: `{path}`"):
            close(absolute(path, "/", "/root"), expected)
    with case(zh="家是 `/`", en="the home is `/`"):
        close(absolute("~/x", cwd, "/"), "/x")


@judged
def test_mode(mode):
    for letters, expected in (
        ("rwxr-x---", 0o750),
        ("rw-r--r--", 0o644),
        ("---------", 0),
        ("rwxrwxrwx", 0o777),
        ("--x-w-r--", 0o124),
        ("r---wx--x", 0o431),
    ):
        close(mode(letters), expected)


@judged
def test_which(which):
    disk = {
        "/usr/bin/python",
        "/usr/bin/git",
        "/usr/bin/python3",
        "/work/.venv/bin/python",
        "/bin/ls",
        "/python",
        "run.sh",
    }
    disk |= {"./run.sh", "tools/run.sh", "/usr/bin/tools/run.sh", "/opt/my tools/bin/git"}
    active = "/work/.venv/bin:/usr/bin:/bin"
    for command, path, expected in (
        ("python", active, "/work/.venv/bin/python"),
        ("python", "/usr/bin:/work/.venv/bin", "/usr/bin/python"),
        ("git", active, "/usr/bin/git"),
        ("ls", active, "/bin/ls"),
        ("pip", active, None),
        ("python", "", None),
        ("pytho", active, None),
        ("ython", active, None),
        ("python", "/nowhere/:/usr/bin/", "/usr/bin/python"),
        ("ls", "::/bin:", "/bin/ls"),
        ("run.sh", ":/usr/bin", None),
        ("./run.sh", active, "./run.sh"),
        ("/bin/ls", "/usr/bin", "/bin/ls"),
        ("tools/run.sh", "/usr/bin", "tools/run.sh"),
        ("./git", active, None),
        ("bin/python", "/work/.venv:/usr", None),
        ("/usr/bin/ls", active, None),
        ("git", "/opt/my tools/bin:/usr/bin", "/opt/my tools/bin/git"),
    ):
        with case(zh=f"`{command}`，PATH 是 `{path}`", en=f"`{command}`, with the PATH `{path}`"):
            close(which(command, path, disk), expected)
            close(which(command, path, sorted(disk)), expected)
