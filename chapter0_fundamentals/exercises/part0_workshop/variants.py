"""Right answers of the workshop, each written in another way; the tests accept them all."""

import pathlib

from coach import variant

# git


@variant("history")
def in_rounds(parents, tip):
    found, newest = {tip}, {tip}
    while newest:
        newest = {parent for commit in newest for parent in parents[commit]} - found
        found |= newest
    return found


@variant("history")
def by_a_queue(parents, tip):
    row = [tip]
    seen = {tip: True}
    for commit in row:
        for parent in parents[commit]:
            if parent not in seen:
                seen[parent] = True
                row.append(parent)
    return set(row)


@variant("merge")
def by_changes(base, ours, theirs):
    names = sorted(set(base) | set(ours) | set(theirs))
    we = {name for name in names if ours.get(name) != base.get(name)}
    they = {name for name in names if theirs.get(name) != base.get(name)}
    conflicts = {name for name in we & they if ours.get(name) != theirs.get(name)}
    merged = dict(base)
    for changed, side in ((we, ours), (they, theirs)):
        for name in changed:
            if name in side:
                merged[name] = side[name]
            else:
                merged.pop(name, None)
    return {name: text for name, text in merged.items() if name not in conflicts}, conflicts


@variant("merge")
def case_by_case(base, ours, theirs):
    gone = object()
    merged, conflicts = {}, set()
    for name in base | ours | theirs:
        old, mine, other = (side.get(name, gone) for side in (base, ours, theirs))
        if mine == other or other == old:
            text = mine
        elif mine == old:
            text = other
        else:
            conflicts.add(name)
            continue
        if text is not gone:
            merged[name] = text
    return merged, conflicts


# the shell


@variant("absolute")
def part_by_part(path, cwd, home):
    if path.startswith("/"):
        here = []
    elif path == "~" or path.startswith("~/"):
        here, path = home.split("/"), path[1:]
    else:
        here = cwd.split("/")
    here = [part for part in here if part]
    for part in path.split("/"):
        if part == "..":
            here = here[:-1]
        elif part and part != ".":
            here.append(part)
    return "/" + "/".join(here)


@variant("absolute")
def by_pathlib(path, cwd, home):
    first, *rest = path.split("/")
    whole = pathlib.PurePosixPath(cwd) / (pathlib.PurePosixPath(home, *rest) if first == "~" else path)
    parts = []
    for part in whole.parts[1:]:
        if part == "..":
            parts[-1:] = []
        else:
            parts.append(part)
    return str(pathlib.PurePosixPath("/", *parts))


@variant("mode")
def in_binary(letters):
    return int("".join("0" if letter == "-" else "1" for letter in letters), 2)


@variant("mode")
def by_groups(letters):
    values = {"r": 4, "w": 2, "x": 1, "-": 0}
    owner, group, others = (sum(values[letter] for letter in letters[i : i + 3]) for i in (0, 3, 6))
    return owner * 64 + group * 8 + others


@variant("which")
def by_a_loop(command, path, programs):
    if command.count("/"):
        if command in programs:
            return command
        return None
    for folder in path.split(":"):
        if folder == "":
            continue
        if folder[-1] == "/":
            folder = folder[:-1]
        if f"{folder}/{command}" in programs:
            return f"{folder}/{command}"
