"""A newer lesson brought into a learner's text cell by cell. The learner's text wins; what is left out is told."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from coach.answers.matching import BASE, OURS, THEIRS, Block, blocks, cells_in, of_side
from coach.answers.merge import Skipped, imports_only, merged, newline_of
from coach.answers.names import bound, count, emptied, made, names_of, narrowed, plain, too_early, words
from coach.course.percent import parsed
from coach.course.place import definitions

# Why something was left out.
DELETED = "deleted"  # the learner deleted it
GONE = "gone"  # it is not in the lesson any more, and the learner changed it
BREAKS = "breaks"  # the lesson has other names now, and lines of the learner's use the old ones
DEFINED = "defined"  # the learner has defined it elsewhere
RENAMED = "renamed"  # the learner's keeps its old name, and the new one stands below
UNREADABLE = "unreadable"  # together the two are no Python


@dataclass(frozen=True)
class Merged:
    """The learner's text with the lesson's changes in it, what found no room, and which exercises came or went."""

    text: str
    skipped: list[Skipped] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """What becomes of one block. The lines of `skipped` count from the part's own first."""

    text: str = ""
    skipped: tuple[Skipped, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


def update_of(ours: str, base: str, theirs: str) -> Merged:
    """`ours` with what changed from `base` to `theirs`; its newlines and its last line's end are kept."""
    newline, final = newline_of(ours), ours.endswith("\n") or not ours
    base, theirs = (text.replace("\r\n", "\n").replace("\n", newline) for text in (base, theirs))
    whole = ours if final else ours + newline
    if base == theirs:
        return Merged(ours)
    result = Merged(theirs) if whole == base else Update(whole, base, theirs, newline).result()
    before, after, known = _marked(ours), _marked(result.text), _marked(theirs)
    result = replace(
        result,
        new=[name for name in after if name not in before],
        dropped=[name for name in before if name not in after and name not in known],
    )
    return result if final else replace(result, text=result.text.removesuffix(newline))


def _marked(text: str) -> list[str]:
    return [cell.marked for cell in cells_in(text) if cell.marked]


class Update:
    """One update, all of whose texts end in a newline."""

    def __init__(self, ours: str, base: str, theirs: str, newline: str) -> None:
        self.cells = {OURS: cells_in(ours), BASE: cells_in(base), THEIRS: cells_in(theirs)}
        self.newline = newline
        self.used = words("\n".join(_added(ours, base)))  # in lines of the learner's own, or that stay as they are
        self.blocks = blocks(self.cells[OURS], self.cells[BASE], self.cells[THEIRS])
        self.defined = sum(
            (count(self.text_of(block, OURS)) for block in self.blocks if not self.goes(block)), Counter()
        )

    def result(self) -> Merged:
        """The parts one below the other, in the lesson's order but for what the learner put elsewhere."""
        order = self.in_order()
        parts = [self.part(block) for block in order]
        while more := {word for part in parts for one in part.skipped for word in words(one.learner)} - self.used:
            self.used |= more
            parts = [self.part(block) for block in order]
        text, skipped, renamed = "", [], []
        for part in parts:
            if part.text and text and self.is_last(text):
                text += self.newline
            above = text.count("\n")
            skipped += [replace(left_out, line=left_out.line + above) for left_out in part.skipped]
            renamed += part.renamed
            text += part.text
        return Merged(text, self.at_their_place(text, skipped), renamed=renamed)

    def is_last(self, text: str) -> bool:
        """Whether a cell that ended its file, and has no blank line below it, ends `text`."""
        ends = {cells[-1].text for cells in self.cells.values() if cells}
        return any(text.endswith(end) and not end.endswith(self.newline * 2) for end in ends)

    def at_their_place(self, text: str, skipped: list[Skipped]) -> list[Skipped]:
        """With the learner's definition for the line of what was left out for its sake."""
        lines = {found.name: found.first + 1 for found in definitions(text)}
        found = [
            next((lines[name] for name in one.names if one.why == DEFINED and name in lines), 0) for one in skipped
        ]
        return [replace(one, line=line or one.line) for one, line in zip(skipped, found, strict=True)]

    def text_of(self, block: Block, side: str) -> str:
        return "".join(self.cells[side][i].text for i in of_side(block, side))

    def goes(self, block: Block) -> bool:
        """Whether it is not in the lesson any more, and nothing of the learner's holds it."""
        ours, base = self.text_of(block, OURS), self.text_of(block, BASE)
        untouched = bool(base) and not of_side(block, THEIRS) and ours.split() == base.split()
        return untouched and not made(base) & self.used

    # the order

    def in_order(self) -> list[Block]:
        """The lesson's order, but for what the learner put elsewhere; the learner's where the lesson's would break it."""
        own = self.in_learners_order()
        order = self.ordered(set(own) - self.moved_by_learner())
        return order if self.runs_as_before(order) else self.ordered(set())

    def ordered(self, as_in_lesson: set[Block]) -> list[Block]:
        """The learner's blocks, those named in the lesson's order; what is new follows its neighbour in the lesson."""
        lessons = sorted((b for b in self.blocks if of_side(b, THEIRS)), key=lambda block: of_side(block, THEIRS)[0])
        order = [block for block in lessons if block in as_in_lesson]
        last: Block | None = None
        for block in self.in_learners_order():
            if block not in order:
                order.insert(order.index(last) + 1 if last else 0, block)
            last = block
        strangers = self.learners_own() - as_in_lesson
        for i, block in enumerate(lessons):
            if block not in order:
                above = next((one for one in lessons[:i][::-1] if one not in strangers), None)
                order.insert(self.place_of_new(order, above, lessons[i + 1 :]), block)
        return order

    def place_of_new(self, order: list[Block], above: Block | None, below: list[Block]) -> int:
        """Below its neighbour and the learner's own cells there; without a neighbour, above what follows it."""
        if above is None:
            return next((order.index(block) for block in below if block in order), len(order))
        at = order.index(above) + 1
        while at < len(order) and {side for side, _ in order[at]} == {OURS}:
            at += 1
        return at

    def in_learners_order(self) -> list[Block]:
        return sorted((b for b in self.blocks if of_side(b, OURS)), key=lambda block: of_side(block, OURS)[0])

    def moved_by_learner(self) -> set[Block]:
        """Those that don't stand in the base's order: as few as can be; and all that are the learner's own."""
        known = [block for block in self.in_learners_order() if of_side(block, BASE)]
        best: list[list[Block]] = []  # the longest run in the base's order that ends with each
        for block in known:
            place = of_side(block, BASE)[0]
            runs = [run for run in best if of_side(run[-1], BASE)[0] < place]
            best.append([*max(runs, key=len, default=[]), block])
        return self.learners_own() | set(known) - set(max(best, key=len, default=[]))

    def learners_own(self) -> set[Block]:
        """What stands in the learner's file and came from no lesson."""
        new = [block for block in self.in_learners_order() if not of_side(block, BASE)]
        return {block for block in new if self.text_of(block, OURS).split() != self.text_of(block, THEIRS).split()}

    def runs_as_before(self, order: list[Block]) -> bool:
        """Whether, in this order, the learner's text uses no more names too early, and the same definitions are in force."""
        own = self.in_learners_order()
        after, before = ("".join(self.text_of(block, OURS) for block in blocks) for blocks in (order, own))
        if not too_early(after) <= too_early(before):
            return False
        by_name = [
            {name: block for block in blocks for name in count(self.text_of(block, OURS))} for blocks in (order, own)
        ]
        return by_name[0] == by_name[1]  # of several that define a name, the last

    # one block

    def part(self, block: Block) -> Part:
        ours, base, theirs = (self.text_of(block, side) for side in (OURS, BASE, THEIRS))
        if not ours:
            return self.not_ours(base, theirs)
        if not theirs:
            return self.not_theirs(ours, base)
        if not base:
            known = tuple(sorted(names_of(ours) & names_of(theirs)))
            return Part(ours) if ours.split() == theirs.split() else _kept(ours, theirs, DEFINED, known)
        return self.of_all(ours, base, theirs)

    def not_ours(self, base: str, theirs: str) -> Part:
        """What is new, or what the learner deleted; an exercise that is new comes in even from there."""
        if base:
            free = not names_of(base) - names_of(theirs) and not any(self.defined[name] for name in names_of(theirs))
            new = _new_exercises(set(_marked(base)), theirs) if free else ""
            changed = bool(theirs) and base.split() != theirs.split() and new.split() != theirs.split()
            return Part(new, (Skipped(1, theirs, "", DELETED),) if changed else ())
        if known := [name for name in names_of(theirs) if self.defined[name]]:
            return Part(skipped=(Skipped(1, theirs, "", DEFINED, tuple(known)),))
        return Part(theirs)

    def not_theirs(self, ours: str, base: str) -> Part:
        """What is the learner's own, or what the lesson has no more."""
        if not base:
            return Part(ours)
        if ours.split() == base.split() and not made(base) & self.used:
            return Part()
        return _kept(ours, "", GONE)

    def of_all(self, ours: str, base: str, theirs: str) -> Part:
        (own, own_tail), (old, old_tail), (new, new_tail) = (_apart(text) for text in (ours, base, theirs))
        tail = new_tail if own_tail == old_tail else own_tail
        if old == new or own == new:
            return Part(own + tail)
        found = merged(own, old, new) if own != old else None
        text, skipped = (found.text, found.skipped) if found else (new, [])
        if why := self.objection(own, old, new, text, skipped):
            return self.without_new(ours, base, theirs) or self.refused(own + tail, old, new + new_tail, *why)
        changed = tuple(zip(sorted(names_of(old) - names_of(new)), sorted(names_of(new) - names_of(old)), strict=False))
        return Part(text + tail, tuple(skipped), changed)

    def without_new(self, ours: str, base: str, theirs: str) -> Part | None:
        """The cells of new exercises below the rest, merged without them; None if there are none, or others went for them."""
        new = "" if names_of(base) - names_of(theirs) else _new_exercises(names_of(base), theirs)
        if not new or any(self.defined[name] for name in names_of(new)):
            return None
        known = {"", *names_of(base)}
        rest = "".join(cell.text for cell in cells_in(theirs) if cell.marked in known)
        part = self.of_all(ours, base, rest)
        return replace(part, text=self.spaced(part.text) + new)

    def spaced(self, text: str) -> str:
        """With a blank line at its end."""
        return text if text.endswith(self.newline * 2) else text + self.newline

    def objection(
        self, own: str, old: str, new: str, text: str, skipped: list[Skipped]
    ) -> tuple[str, tuple[str, ...]] | None:
        """Why the merged cell would not do, and the names that it is about; None if it will."""
        kept = words("\n".join([*_added(own, old), *(one.learner for one in skipped)]))
        changed = made(old) - made(new) | narrowed(old, new) | emptied(old, new)
        if lost := (bound(old) - bound(new)) & kept | changed & self.used:
            return BREAKS, tuple(sorted(lost))
        have, had = count(text), count(own)
        twice = {name for name in have if have[name] > had[name] and self.defined[name] - had[name] > 0}
        twice |= {name for name in have if have[name] > max(had[name], count(new)[name])}
        if twice:
            return DEFINED, tuple(sorted(twice))
        astray = (names_of(new) - names_of(old) - set(have)) | ((names_of(old) - names_of(new)) & set(have))
        if astray:
            return BREAKS, tuple(sorted(astray))
        unreadable = parsed(plain(own)) is not None and parsed(plain(text)) is None
        return (UNREADABLE, ()) if unreadable else None

    def refused(self, own: str, old: str, new: str, why: str, names: tuple[str, ...]) -> Part:
        """The learner's cell as it is; the lesson's stands below it if the two have no name in common."""
        fresh = names_of(new) - names_of(old)
        if fresh and not (names_of(new) - fresh) & names_of(own) and not any(self.defined[name] for name in fresh):
            left_out = Skipped(1, "", own, RENAMED, (*sorted(names_of(old) - names_of(new)), *sorted(fresh)))
            return Part(self.spaced(own) + new, (left_out,))
        lines = set(plain(own).split("\n"))
        more = [line for line in plain(new).split("\n") if line.strip() and line not in lines]
        if more and imports_only(more):  # there is room for both
            body, tail = _apart(own)
            return Part(body + "".join(line + self.newline for line in more) + tail)
        return _kept(own, new, why, names)


def _kept(ours: str, theirs: str, why: str, names: tuple[str, ...] = ()) -> Part:
    return Part(ours, (Skipped(1, theirs, ours, why, names),))


def _apart(text: str) -> tuple[str, str]:
    """The text, and the blank lines at its end."""
    body = re.sub(r"(?:[ \t]*\r?\n)*\Z", "", text)
    end = len(body) + (2 if text[len(body) :].startswith("\r\n") else 1)
    return text[:end], text[end:]


def _new_exercises(known: set[str], theirs: str) -> str:
    """The cells of exercises that are not known."""
    return "".join(cell.text for cell in cells_in(theirs) if cell.marked and cell.marked not in known)


def _added(ours: str, base: str) -> list[str]:
    """The lines of `ours` that `base` has not, or not so often."""
    return list((Counter(plain(ours).split("\n")) - Counter(plain(base).split("\n"))).elements())
