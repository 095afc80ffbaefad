"""The wrong answers of the workshop, each explained in a sentence."""

import posixpath

from coach import mistake
from part0_workshop import solutions

# git


def walked(parents, tip, next_of=lambda ps: ps):
    found, todo = set(), [tip]
    while todo:
        commit = todo.pop()
        if commit not in found:
            found.add(commit)
            todo += next_of(list(parents[commit]))
    return found


@mistake("history", zh="少了 `tip` 自己。", en="`tip` itself is missing.")
def without_itself(parents, tip):
    return walked(parents, tip) - {tip}


@mistake("history", zh="合并提交只走了第一个父提交。", en="Of a merge only the first parent is followed.")
def first_parents(parents, tip):
    return walked(parents, tip, lambda ps: ps[:1])


@mistake("history", zh="合并提交只走了最后一个父提交。", en="Of a merge only the last parent is followed.")
def last_parents(parents, tip):
    return walked(parents, tip, lambda ps: ps[-1:])


@mistake(
    "history",
    zh="只有 `tip` 和它的父提交，没有继续往回走。",
    en="Only `tip` and its parents are there; it goes no further back.",
)
def one_step(parents, tip):
    return {tip, *parents[tip]}


@mistake(
    "history",
    zh="返回了图里的所有提交，没有看谁走得到。",
    en="It returns every commit there is, whether it can be reached or not.",
)
def everything(parents, tip):
    return set(parents)


@mistake(
    "history",
    zh="走的方向反了：找到的是孩子，不是父提交。",
    en="It walks the wrong way: to children instead of parents.",
)
def children(parents, tip):
    found, todo = set(), [tip]
    while todo:
        commit = todo.pop()
        if commit not in found:
            found.add(commit)
            todo += [child for child, ps in parents.items() if commit in ps]
    return found


@mistake(
    "history", zh="用了递归：五千个提交一条线就太深了。", en="It is recursive: 5000 commits in a row are too deep."
)
def recursive(parents, tip):
    found = set()

    def visit(commit):
        if commit not in found:
            found.add(commit)
            for parent in parents[commit]:
                visit(parent)

    visit(tip)
    return found


@mistake("history", zh="返回了列表，不是集合。", en="It returns a list, not a set.")
def a_list(parents, tip):
    return sorted(walked(parents, tip))


@mistake(
    "history", zh="少了没有父提交的那个（最早的提交）。", en="The commit without parents, the first of all, is missing."
)
def without_roots(parents, tip):
    return {commit for commit in walked(parents, tip) if parents[commit]}


def merging(base, ours, theirs, rule):
    """`merge` by `rule(old, mine, other)`, which gives a text, None for no file, "!" for a conflict."""
    results = {name: rule(base.get(name), ours.get(name), theirs.get(name)) for name in {*base, *ours, *theirs}}
    merged = {name: text for name, text in results.items() if text not in (None, "!")}
    return merged, {name for name, text in results.items() if text == "!"}


def by_rule(rule):
    def merge(base, ours, theirs):
        return merging(base, ours, theirs, rule)

    return merge


def right(old, mine, other):
    if mine == other:
        return mine
    return other if mine == old else mine if other == old else "!"


for name, rule, zh, en in (
    ("without_base", lambda o, m, t: m if m == t else "!", "只比了两边，没有看祖先：一边没改的也成了冲突。", "It compares the two sides and not the ancestor: what only one side changed is a conflict."),
    ("ours_win", lambda o, m, t: right(o, m, t) if right(o, m, t) != "!" else m, "冲突时悄悄留下了我们的。", "In a conflict it silently keeps ours."),
    ("theirs_win", lambda o, m, t: right(o, m, t) if right(o, m, t) != "!" else t, "冲突时悄悄留下了他们的。", "In a conflict it silently keeps theirs."),
    ("alike_conflicts", lambda o, m, t: "!" if m != o != t else right(o, m, t), "两边改得一样也算了冲突。", "What both sides changed alike is taken for a conflict."),
    ("deletion_lost", lambda o, m, t: right(o, m or o, t or o), "删除没有算改动：删掉的文件又回来了。", "A deletion isn't taken for a change: deleted files come back."),
    ("deletion_wins", lambda o, m, t: None if o and not (m and t) else right(o, m, t), "一边删、一边改，应当是冲突，你的直接删了。", "Deleted on one side and changed on the other should be a conflict; it deletes."),
    ("change_beats_deletion", lambda o, m, t: (m or t) if o and right(o, m, t) == "!" and not (m and t) else right(o, m, t), "一边删、一边改，应当是冲突，你的留下了改过的。", "Deleted on one side and changed on the other should be a conflict; it keeps the change."),
    ("added_twice", lambda o, m, t: m if o is None and m is not None else right(o, m, t), "两边新建了不同的同名文件，应当是冲突，你的留下了我们的。", "Two different new files of one name should be a conflict; it keeps ours."),
    ("empty_is_missing", lambda o, m, t: right(o or None, m or None, t or None), "空字符串被当成了没有文件。", "An empty string is taken for a missing file."),
):  # fmt: skip
    merge = by_rule(rule)
    merge.__name__ = merge.__qualname__ = name
    mistake("merge", zh=zh, en=en)(merge)


@mistake("merge", zh="有冲突的文件也放进了字典。", en="Files in conflict are in the dictionary as well.")
def conflicts_kept(base, ours, theirs):
    merged, conflicts = merging(base, ours, theirs, right)
    return merged | {name: ours.get(name) or theirs.get(name) or "" for name in conflicts}, conflicts


@mistake(
    "merge",
    zh="只看了祖先里有的文件，新建的都丢了。",
    en="It looks only at files that the ancestor has; new ones are lost.",
)
def only_old_names(base, ours, theirs):
    return merging(
        base, {n: t for n, t in ours.items() if n in base}, {n: t for n, t in theirs.items() if n in base}, right
    )


# the shell


def pathed(path, cwd, home, *, tilde=lambda p: p == "~" or p.startswith("~/"), norm=posixpath.normpath):
    if tilde(path):
        path = posixpath.join(home, path[1:].lstrip("/"))
    return norm(posixpath.join(cwd, path))


@mistake("absolute", zh="`~` 没有换成家。", en="`~` isn't replaced by the home.")
def no_home(path, cwd, home):
    return pathed(path, cwd, home, tilde=lambda p: False)


@mistake("absolute", zh="`~a` 这样的名字也当成了家。", en="A name like `~a` is taken for the home as well.")
def any_tilde(path, cwd, home):
    return pathed(path, cwd, home, tilde=lambda p: p.startswith("~"))


@mistake("absolute", zh="路径中间的 `~` 也换成了家。", en="A `~` in the middle of a path is replaced as well.")
def tilde_anywhere(path, cwd, home):
    return posixpath.normpath(posixpath.join(cwd, path.replace("~", home)))


@mistake("absolute", zh="单独的 `~` 没有换成家，只换了 `~/`。", en="A `~` alone isn't replaced, only `~/` is.")
def not_alone(path, cwd, home):
    return pathed(path, cwd, home, tilde=lambda p: p.startswith("~/"))


@mistake("absolute", zh="绝对路径也接在了 `cwd` 后面。", en="An absolute path is put after `cwd`, too.")
def always_joined(path, cwd, home):
    if path == "~" or path.startswith("~/"):
        return pathed(path, cwd, home)
    return posixpath.normpath(f"{cwd}/{path}".replace("//", "/"))


@mistake("absolute", zh="`..` 没有处理。", en="`..` isn't resolved.")
def parents_kept(path, cwd, home):
    parts = pathed(path, cwd, home, norm=str).split("/")
    return "/" + "/".join(part for part in parts if part not in ("", "."))


@mistake("absolute", zh="`..` 被丢掉了，没有往上走。", en="`..` is dropped, and nothing goes up.")
def parents_dropped(path, cwd, home):
    parts = pathed(path, cwd, home, norm=str).split("/")
    return "/" + "/".join(part for part in parts if part not in ("", ".", ".."))


@mistake(
    "absolute",
    zh="以两个点开头的名字（`..a`）也当成了上一层。",
    en="A name that begins with two dots (`..a`) is taken for one up.",
)
def dots_of_names(path, cwd, home):
    return pathed(path.replace("..a", ".."), cwd, home)


@mistake("absolute", zh="从根再往上走，留下了 `..`。", en="Going up from the root leaves a `..`.")
def above_the_root(path, cwd, home):
    found = []
    for part in pathed(path, cwd, home, norm=str).split("/"):
        if part == ".." and found and found[-1] != "..":
            found.pop()
        elif part not in ("", "."):
            found.append(part)
    return "/" + "/".join(found)


@mistake("absolute", zh="末尾的 `/` 留下了。", en="A `/` at the end stays.")
def slash_at_the_end(path, cwd, home):
    found = pathed(path, cwd, home)
    return found + "/" * (path.endswith("/") and found != "/")


@mistake("absolute", zh="相对路径从家算起，不是从 `cwd`。", en="Relative paths count from the home, not from `cwd`.")
def from_home(path, cwd, home):
    return pathed(path, home, home)


@mistake("absolute", zh="空路径返回了空字符串：它就是 `cwd`。", en="An empty path gives an empty string; it is `cwd`.")
def empty_stays(path, cwd, home):
    return pathed(path, cwd, home) if path else ""


@mistake(
    "mode", zh="位的顺序反了：最左边的字母是最高位。", en="The bits are in reverse: the leftmost letter is the highest."
)
def reversed_bits(letters):
    return solutions.mode(letters[::-1])


@mistake(
    "mode",
    zh="返回的是写着 750 的十进制数，不是 `0o750`。",
    en="It returns the decimal number that reads 750, not `0o750`.",
)
def decimal_digits(letters):
    return int(f"{solutions.mode(letters):o}")


@mistake("mode", zh="返回了字符串，不是整数。", en="It returns a text, not an integer.")
def as_text(letters):
    return f"{solutions.mode(letters):o}"


@mistake(
    "mode",
    zh="`r` 和 `x` 的数颠倒了：`r` 是 4，`x` 是 1。",
    en="The numbers of `r` and `x` have changed places: `r` is 4, `x` is 1.",
)
def read_is_one(letters):
    values = {"r": 1, "w": 2, "x": 4, "-": 0}
    return sum(values[letter] * 8 ** (2 - i // 3) for i, letter in enumerate(letters))


@mistake(
    "mode",
    zh="三组加在了一起，没有各占三位。",
    en="The three groups are added up; each should have three bits of its own.",
)
def groups_added(letters):
    return sum({"r": 4, "w": 2, "x": 1, "-": 0}[letter] for letter in letters)


@mistake("mode", zh="只算了主人的三个字母。", en="Only the three letters of the owner are counted.")
def owner_only(letters):
    return solutions.mode(letters[:3])


@mistake(
    "mode",
    zh="三组的顺序反了：最前面是主人，占最高的三位。",
    en="The groups are in reverse: the owner comes first, and has the highest three bits.",
)
def groups_reversed(letters):
    return solutions.mode(letters[6:] + letters[3:6] + letters[:3])


@mistake("mode", zh="有权限和没有权限颠倒了：`-` 是 0。", en="Allowed and not allowed have changed places: `-` is 0.")
def the_denied(letters):
    return 0o777 - solutions.mode(letters)


# environments


def looked_up(command, path, programs, *, order=1, strip=True, slash=True, skip=True):
    if slash and "/" in command:
        return command if command in programs else None
    for folder in path.split(":")[::order]:
        if not folder and skip:
            continue
        place = f"{folder.rstrip('/') if strip else folder}/{command}"
        if place in programs:
            return place
    return None


@mistake(
    "which", zh="取了*最后*一个有它的文件夹：先到先得。", en="It takes the *last* folder that has it; the first counts."
)
def the_last(command, path, programs):
    return looked_up(command, path, programs, order=-1)


@mistake(
    "which",
    zh="找不到时返回了空字符串：要 `None`。",
    en="Where nothing is found it returns an empty text: it should be `None`.",
)
def empty_for_none(command, path, programs):
    return looked_up(command, path, programs) or ""


@mistake(
    "which",
    zh="名字只比了末尾：`ython` 也找到了 `python`。",
    en="It compares the ends of names alone: `ython` finds `python`.",
)
def by_the_end_of_the_name(command, path, programs):
    if "/" in command:
        return command if command in programs else None
    folders = [folder.rstrip("/") or "/" for folder in path.split(":") if folder]
    found = (
        p for folder in folders for p in sorted(programs) if posixpath.dirname(p) == folder and p.endswith(command)
    )
    return next(found, None)


@mistake(
    "which",
    zh="没有找到就返回命令自己：要 `None`。",
    en="Where nothing is found it returns the command itself: it should be `None`.",
)
def itself_for_none(command, path, programs):
    return looked_up(command, path, programs) or command


@mistake("which", zh="带斜杠的命令也去 `path` 里找了。", en="A command with a slash is searched for in `path` as well.")
def slash_ignored(command, path, programs):
    return looked_up(command, path, programs, slash=False)


@mistake(
    "which",
    zh="带斜杠的命令自己不在 `programs` 里，又去 `path` 里找了：这时应当返回 `None`。",
    en="A command with a slash that isn't itself in `programs` is then searched for in `path`: it should be `None`.",
)
def slash_searched_in_the_end(command, path, programs):
    if "/" in command and command in programs:
        return command
    return looked_up(command, path, programs, slash=False)


@mistake(
    "which", zh="带斜杠的命令不看在不在就返回了。", en="A command with a slash is returned whether it is there or not."
)
def slash_believed(command, path, programs):
    return command if "/" in command else looked_up(command, path, programs)


@mistake(
    "which",
    zh="文件夹末尾的 `/` 没有去掉：拼出了两个斜杠，找不到。",
    en="A `/` at a folder's end isn't taken off: with two slashes nothing is found.",
)
def doubled_slash(command, path, programs):
    return looked_up(command, path, programs, strip=False)


@mistake(
    "which",
    zh="空的一段被当成了根 `/`：应当跳过。",
    en="An empty part is taken for the root `/`: it should be skipped.",
)
def empty_is_root(command, path, programs):
    return looked_up(command, path, programs, skip=False)


@mistake(
    "which",
    zh="空的一段被当成了当前文件夹：应当跳过。",
    en="An empty part is taken for the current folder: it should be skipped.",
)
def empty_is_here(command, path, programs):
    if "/" not in command and "" in path.split(":") and command in programs:
        return command
    return looked_up(command, path, programs)


@mistake(
    "which",
    zh="名字只比了开头：`pytho` 也找到了 `python`。",
    en="It compares only how names begin: `pytho` finds `python`.",
)
def by_prefix(command, path, programs):
    if "/" in command:
        return looked_up(command, path, programs)
    for folder in filter(None, path.split(":")):
        found = [program for program in sorted(programs) if program.startswith(f"{folder.rstrip('/')}/{command}")]
        if found:
            return min(found, key=len)
    return None


@mistake("which", zh="返回的是文件夹，不是程序的路径。", en="It returns the folder, not the path of the program.")
def the_folder(command, path, programs):
    found = looked_up(command, path, programs)
    return found and posixpath.dirname(found)


@mistake(
    "which",
    zh="没有按 `path` 的顺序：在 `programs` 里先碰到哪个就是哪个。",
    en="It doesn't go by the order of `path`: it takes the first of `programs` with that name.",
)
def by_programs(command, path, programs):
    if "/" in command:
        return looked_up(command, path, programs)
    folders = [folder.rstrip("/") for folder in path.split(":") if folder]
    return next(
        (p for p in sorted(programs) if posixpath.dirname(p) in folders and posixpath.basename(p) == command), None
    )
