"""Which cells of a learner's file, of its base and of the newer lesson are the same: by name, by content, by what they hold."""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property

from coach.course.percent import cell_spans, named_on
from coach.course.place import definitions

OURS, BASE, THEIRS = "ours", "base", "theirs"
ALIKE = 0.6  # so much of a cell must be found again in what it became
Node = tuple[str, int]  # a side, and a cell's number on it
Block = frozenset[Node]  # cells that are merged together; those of one side stand side by side
Pairs = dict[int, int]


@dataclass(frozen=True)
class Cell:
    """The text of one cell, from its marker to the next, newlines and all."""

    text: str

    @property
    def marker(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def prose(self) -> bool:
        return "[markdown]" in self.marker

    @cached_property
    def marked(self) -> str:
        """The exercise that the marker names."""
        return named_on(self.marker)

    @cached_property
    def name(self) -> str:
        """The exercise, else the first thing that the cell defines; "" for prose and for what defines nothing."""
        if self.marked or self.prose:
            return self.marked
        return next((found.name for found in definitions(self.text) if found.name), "")

    @cached_property
    def lines(self) -> Counter[str]:
        """Those that tell it from other cells."""
        return Counter(line.strip() for line in self.text.split("\n")[1:] if len(line.strip("# \t\r")) > 3)

    @cached_property
    def words(self) -> list[str]:
        return re.findall(r"[一-鿿]|[^\W_一-鿿]+", self.text) if self.prose else self.text.split()


def cells_in(text: str) -> list[Cell]:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    cells = ["".join(lines[first:end]) for first, end in cell_spans(text)]
    return [Cell(cell) for cell in cells if cell]


def blocks(ours: list[Cell], base: list[Cell], theirs: list[Cell]) -> list[Block]:
    """Every cell of the three, in one block or another."""
    to_theirs = pairs(base, theirs)
    to_ours = pairs(base, ours, {cell.text for k, cell in enumerate(theirs) if k not in to_theirs.values()})
    first = _links(to_ours, OURS) + _links(to_theirs, THEIRS) + _new_in_both(ours, theirs, to_ours, to_theirs)
    more = _links(_swallowed(base, ours, to_ours), OURS) + _links(_swallowed(base, theirs, to_theirs), THEIRS)
    nodes = [(side, i) for side, cells in ((OURS, ours), (BASE, base), (THEIRS, theirs)) for i in range(len(cells))]
    while True:
        found = _joined(nodes, first + more)
        astray = next((block for block in found if not _side_by_side(block)), None)
        if astray is None:
            return found
        absorbed = _absorbing(astray, found)
        if absorbed:
            first = first + absorbed
        else:
            fewer = [link for link in more if link[0] not in astray]
            first = first if len(fewer) < len(more) else [link for link in first if link[0] not in astray]
            more = fewer


def pairs(base: list[Cell], other: list[Cell], known: Set[str] = frozenset()) -> Pairs:
    """Which cell of `other` each cell of `base` has become, where one has; texts that are `known` have become of none."""
    found: Pairs = {}
    _pair(found, base, other, lambda cell: cell.marked, last=True)
    _pair(found, base, other, lambda cell: cell.name, last=True)
    _pair(found, base, other, lambda cell: cell.text.split())
    _pair_alike(found, base, other, known)
    return found


def _pair(
    found: Pairs, base: list[Cell], other: list[Cell], key: Callable[[Cell], object], *, last: bool = False
) -> None:
    """Pairs cells of one key in their order; `last`: of several in `other` the last, which is in force."""
    free: dict[Hashable, list[int]] = defaultdict(list)
    for j, cell in enumerate(other):
        if j not in found.values():
            free[str(key(cell))].append(j)
    for i, cell in enumerate(base):
        if i not in found and key(cell) and (candidates := free[str(key(cell))]):
            found[i] = candidates.pop(-1 if last else 0)


def _pair_alike(found: Pairs, base: list[Cell], other: list[Cell], known: Set[str]) -> None:
    """Pairs the rest, the most alike first."""
    rest = [j for j, cell in enumerate(other) if j not in found.values() and cell.text not in known]
    names = {cell.name for cell in base}, {cell.name for cell in other}
    scores = []
    for i, cell in enumerate(base):
        for j in rest if i not in found else ():
            score = _renamed(base, i, other, j, names) if cell.name or other[j].name else _likeness(cell, other[j])
            scores.append((-score, abs(i - j), i, j))
    for score, _, i, j in sorted(scores):
        if -score >= ALIKE and i not in found and j not in found.values():
            found[i] = j


def _likeness(a: Cell, b: Cell) -> float:
    if a.prose != b.prose:
        return 0
    matcher = difflib.SequenceMatcher(None, a.words, b.words, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE else 0


def _renamed(base: list[Cell], i: int, other: list[Cell], j: int, names: tuple[set[str], set[str]]) -> float:
    """Whether base's exercise is called otherwise now: the same text but for the name, or the same text above it."""
    old, new = base[i], other[j]
    if not (old.name and new.name) or old.name in names[1] or new.name in names[0]:
        return 0
    if _without(old.text, old.name) == _without(new.text, new.name):
        return 1
    above = [cells[k - 1] for cells, k in ((base, i), (other, j)) if k and cells[k - 1].prose]
    same = len(above) == 2 and _without(above[0].text, old.name) == _without(above[1].text, new.name)
    return _likeness(Cell(_without(old.text, old.name)), Cell(_without(new.text, new.name))) if same else 0


def _without(text: str, name: str) -> str:
    """The text, its marker's numbers and the name apart."""
    return re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", "…", text.partition("\n")[2]).strip()


def _swallowed(base: list[Cell], other: list[Cell], found: Pairs) -> list[tuple[int, int]]:
    """Pairs of a cell that was split off, or that went up in another, with the one that it was or is a part of."""
    back = {j: i for i, j in found.items()}
    more = []
    for i, cell in enumerate(base):
        if i not in found:
            more += [(i, j) for j in _beside(i, found) if _held(cell, other[j])][:1]
    for j, cell in enumerate(other):
        if j not in back:
            more += [(i, j) for i in _beside(j, back) if _held(cell, base[i])][:1]
    return more


def _beside(i: int, found: Pairs) -> Iterator[int]:
    """The partners of the nearest paired cells above and below."""
    above, below = [k for k in found if k < i], [k for k in found if k > i]
    yield from ([found[max(above)]] if above else []) + ([found[min(below)]] if below else [])


def _held(part: Cell, whole: Cell) -> bool:
    """Whether most lines of `part` stand in `whole`."""
    return (part.lines & whole.lines).total() > ALIKE * part.lines.total() > 0


def _links(found: Pairs | list[tuple[int, int]], side: str) -> list[tuple[Node, Node]]:
    pairs_found = found.items() if isinstance(found, dict) else found
    return [((BASE, i), (side, j)) for i, j in pairs_found]


def _new_in_both(ours: list[Cell], theirs: list[Cell], to_ours: Pairs, to_theirs: Pairs) -> list[tuple[Node, Node]]:
    """Cells of an update that was cut off, or that the learner wrote before the lesson did."""
    mine = [j for j in range(len(ours)) if j not in to_ours.values()]
    new = [k for k in range(len(theirs)) if k not in to_theirs.values()]
    found: Pairs = {}
    _pair(found, [ours[j] for j in mine], [theirs[k] for k in new], lambda cell: cell.name)
    _pair(found, [ours[j] for j in mine], [theirs[k] for k in new], lambda cell: cell.text.split())
    return [((OURS, mine[a]), (THEIRS, new[b])) for a, b in found.items()]


def _joined(nodes: list[Node], links: list[tuple[Node, Node]]) -> list[Block]:
    """The nodes in groups, each of all that are linked."""
    group = {node: {node} for node in nodes}
    for a, b in links:
        if group[a] is not group[b]:
            group[a] |= group[b]
            for node in group[b]:
                group[node] = group[a]
    return list(dict.fromkeys(frozenset(members) for members in group.values()))


def of_side(block: Block, side: str) -> list[int]:
    return sorted(i for s, i in block if s == side)


def _gaps(block: Block) -> list[Node]:
    """The cells that stand between those of the block."""
    spans = [(side, numbers) for side in (OURS, BASE, THEIRS) if (numbers := of_side(block, side))]
    inside = [(side, i) for side, numbers in spans for i in range(numbers[0], numbers[-1])]
    return [node for node in inside if node not in block]


def _side_by_side(block: Block) -> bool:
    return not _gaps(block)


def _absorbing(block: Block, among: list[Block]) -> list[tuple[Node, Node]]:
    """Links that take in what stands between; none if some of that has a place of its own in the learner's file."""
    between = {other for gap in _gaps(block) for other in among if gap in other}
    if any(len({side for side, _ in other}) > 1 and of_side(other, OURS) for other in between):
        return []
    return [(min(block), min(other)) for other in between]
