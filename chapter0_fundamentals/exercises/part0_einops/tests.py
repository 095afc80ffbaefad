"""One test per exercise of the einops lesson; each is called from its cell, and collected by pytest."""

import ast
import builtins
import inspect
import statistics
import textwrap
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import einops
import torch

from coach import close, holds, judged, raises
from part0_einops import pictures

# What a function is written with: its syntax tree is read, in a file as in a cell.


def statements(function: Callable) -> list[ast.AST]:
    """The body of the learner's function; a lambda's is its expression."""
    function = inspect.unwrap(function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        zh = "这里要读你的源代码，却读不到：请在文件或单元格里用 `def` 写这个函数，再运行一次"
        en = "this test reads your source and can't find it: write the function by `def` in a file or a cell, and run it again"
        holds(False, zh=zh, en=en)
    node = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.Lambda))
    return [node.body] if isinstance(node, ast.Lambda) else list(node.body)


def named_by(node: ast.AST, function: Callable) -> Any:
    """What `name` or `module.name` stands for in the learner's function; None if that is no plain name."""
    if isinstance(node, ast.Name):
        known = inspect.unwrap(function).__globals__
        return known.get(node.id, getattr(builtins, node.id, None))
    if isinstance(node, ast.Attribute):
        owner = named_by(node.value, function)
        return getattr(owner, node.attr, None) if inspect.ismodule(owner) else None
    return None


# Names, constants, assignments and `return`: what is needed to write calls down.
PLUMBING = (ast.Return, ast.Assign, ast.AnnAssign, ast.Expr, ast.Name, ast.Constant, ast.keyword, ast.expr_context)


def foreign(node: ast.AST, function: Callable) -> ast.AST | None:
    """The first part of a syntax tree that is neither `einops.einsum` nor plumbing; printing is allowed."""
    children: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call):
        called = named_by(node.func, function)
        if called is print:
            return None
        if called is not einops.einsum:
            return node
        children = [*node.args, *node.keywords]
    elif isinstance(node, ast.AnnAssign):
        children = [node.value] if node.value else []
    elif not isinstance(node, PLUMBING):
        return node
    return next((found for child in children if (found := foreign(child, function))), None)


def written(node: ast.AST) -> str:
    """The node as source, on one line and not too long."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


def only_einsum(function: Callable) -> None:
    """Raises `Wrong` if the learner's function computes by anything but `einops.einsum`."""
    for statement in statements(function):
        if node := foreign(statement, function):
            zh = f"值对了，但这里只许用 `einops.einsum`，这一处不是：`{written(node)}`"
            en = f"the values are right, but only `einops.einsum` is allowed here, and this is not: `{written(node)}`"
            holds(False, zh=zh, en=en)


# fmt: off
OLD = {
    "transpose", "permute", "squeeze", "unsqueeze", "view", "reshape", "flatten", "ravel", "unflatten", "expand",
    "repeat", "tile", "T", "mT", "H", "mH", "t", "swapaxes", "swapdims", "movedim", "moveaxis", "view_as",
    "reshape_as", "expand_as", "as_strided", "newaxis", "clumsy_1", "clumsy_2", "clumsy_3", "clumsy_4",
}
# fmt: on


def old_calls(function: Callable) -> Iterator[ast.AST]:
    """The clumsy calls in the learner's function, and `None` as an index; einops' own `repeat` is none of them."""
    for node in (node for statement in statements(function) for node in ast.walk(statement)):
        known = named_by(node, function)
        if isinstance(node, ast.Subscript):
            index = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            old = any(isinstance(i, ast.Constant) and i.value is None for i in index)
        elif isinstance(node, ast.Name):  # a variable may be called `t`, a function imported from torch may not
            old = node.id in OLD and callable(known)
        else:
            old = isinstance(node, ast.Attribute) and node.attr in OLD
        if old and known is not einops.repeat:
            yield node


def without_old_calls(function: Callable) -> None:
    """Raises `Wrong` if the learner's function still moves axes by their numbers."""
    for node in old_calls(function):
        zh = f"结果对了，但旧的调用不许再用：`{written(node)}`；用 einops 写出轴的名字"
        en = f"the result is right, but the old calls are forbidden: `{written(node)}`; name the axes with einops"
        holds(False, zh=zh, en=en)


# The puzzles: pictures of distinct numbers, in which no two axes are alike.


def solves(puzzle: Callable, target: Callable) -> None:
    torch.manual_seed(0)
    for h, w in ((4, 2), (2, 8)):
        digits = torch.randperm(6 * 3 * h * w).float().reshape(6, 3, h, w)
        expected = target(digits)
        close(puzzle(digits), expected)


@judged
def test_puzzle_1(puzzle_1):
    solves(puzzle_1, pictures.target_1)


@judged
def test_puzzle_2(puzzle_2):
    solves(puzzle_2, pictures.target_2)


@judged
def test_puzzle_3(puzzle_3):
    solves(puzzle_3, pictures.target_3)


@judged
def test_puzzle_4(puzzle_4):
    solves(puzzle_4, pictures.target_4)


@judged
def test_puzzle_5(puzzle_5):
    solves(puzzle_5, pictures.target_5)


@judged
def test_puzzle_6(puzzle_6):
    solves(puzzle_6, pictures.target_6)


@judged
def test_puzzle_7(puzzle_7):
    solves(puzzle_7, pictures.target_7)


@judged
def test_puzzle_8(puzzle_8):
    solves(puzzle_8, pictures.target_8)


@judged
def test_puzzle_9(puzzle_9):
    solves(puzzle_9, pictures.target_9)


@judged
def test_puzzle_10(puzzle_10):
    solves(puzzle_10, pictures.target_10)


@judged
def test_rearrange_1(rearrange_1):
    close(rearrange_1(), torch.tensor([[3.0, 4], [5, 6], [7, 8]]))


@judged
def test_rearrange_2(rearrange_2):
    close(rearrange_2(), torch.tensor([[1.0, 2, 3], [4, 5, 6]]))


# Two weeks by hand: means 4 and 20; the sums of squares are 28 and 54, so the unbiased variances 28/6 and 54/6.
TWO_WEEKS = [1.0, 2, 3, 4, 5, 6, 7, 20, 20, 17, 23, 26, 20, 14]


def weeks_of(days: list[float]) -> list[list[float]]:
    return [days[i : i + 7] for i in range(0, len(days), 7)]


@judged
def test_temperatures_average(temperatures_average):
    close(temperatures_average(torch.tensor(TWO_WEEKS)), torch.tensor([4.0, 20]))
    torch.manual_seed(1)
    temps = torch.randn(35) * 9
    close(temperatures_average(temps), torch.tensor([statistics.fmean(week) for week in weeks_of(temps.tolist())]))
    raises(Exception, temperatures_average, torch.ones(8))


@judged
def test_temperatures_differences(temperatures_differences):
    close(temperatures_differences(torch.tensor([1.0, 2, 3, 4, 5, 6, 7])), torch.arange(-3.0, 4))
    expected = torch.tensor([-3.0, -2, -1, 0, 1, 2, 3, 0, 0, -3, 3, 6, 0, -6])
    close(temperatures_differences(torch.tensor(TWO_WEEKS)), expected)
    torch.manual_seed(1)
    temps = torch.randn(21) * 9
    expected = [day - statistics.fmean(week) for week in weeks_of(temps.tolist()) for day in week]
    close(temperatures_differences(temps), torch.tensor(expected))


@judged
def test_temperatures_normalized(temperatures_normalized):
    a, b = (28 / 6) ** 0.5, (90 / 6) ** 0.5
    expected = [-3 / a, -2 / a, -1 / a, 0, 1 / a, 2 / a, 3 / a, 0, 0, -3 / b, 3 / b, 6 / b, 0, -6 / b]
    close(temperatures_normalized(torch.tensor(TWO_WEEKS)), torch.tensor(expected))
    torch.manual_seed(1)
    temps = torch.randn(21) * 9 + 5
    weeks = [(week, statistics.fmean(week), statistics.stdev(week)) for week in weeks_of(temps.tolist())]
    expected = [(day - mean) / deviation for week, mean, deviation in weeks for day in week]
    close(temperatures_normalized(temps), torch.tensor(expected))


@judged
def test_einsum_trace(einsum_trace):
    close(einsum_trace(torch.tensor([[1.0, 2], [3, 5]])), torch.tensor(6.0))
    torch.manual_seed(0)
    matrix = torch.randn(5, 5)
    expected = torch.tensor(sum(matrix[i, i].item() for i in range(5)))
    close(einsum_trace(matrix), expected)
    only_einsum(einsum_trace)


@judged
def test_einsum_mv(einsum_mv):
    close(einsum_mv(torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([5.0, 6])), torch.tensor([17.0, 39]))
    torch.manual_seed(0)
    matrix, vector = torch.randn(3, 4), torch.randn(4)
    close(einsum_mv(matrix, vector), torch.mv(matrix, vector))
    only_einsum(einsum_mv)


@judged
def test_einsum_mm(einsum_mm):
    A, B = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[5.0, 6], [7, 9]])
    close(einsum_mm(A, B), torch.tensor([[19.0, 24], [43, 54]]))
    torch.manual_seed(0)
    A, B = torch.randn(2, 3), torch.randn(3, 5)
    close(einsum_mm(A, B), torch.mm(A, B))
    only_einsum(einsum_mm)


@judged
def test_einsum_inner(einsum_inner):
    close(einsum_inner(torch.tensor([1.0, 2, 3]), torch.tensor([4.0, -5, 7])), torch.tensor(15.0))
    torch.manual_seed(0)
    x, y = torch.randn(6), torch.randn(6)
    close(einsum_inner(x, y), torch.dot(x, y))
    only_einsum(einsum_inner)


@judged
def test_einsum_outer(einsum_outer):
    expected = torch.tensor([[3.0, 4], [6, 8]])
    close(einsum_outer(torch.tensor([1.0, 2]), torch.tensor([3.0, 4])), expected)
    torch.manual_seed(0)
    x, y = torch.randn(3), torch.randn(5)
    expected = torch.tensor([[a * b for b in y.tolist()] for a in x.tolist()])
    close(einsum_outer(x, y), expected)
    only_einsum(einsum_outer)


@judged
def test_einsum_attention_scores(einsum_attention_scores):
    torch.manual_seed(0)
    for b, head, pos, src, d in ((1, 2, 3, 3, 4), (2, 3, 4, 5, 6), (1, 1, 1, 1, 1)):
        q, k = torch.randn(b, head, pos, d), torch.randn(b, head, src, d)
        expected = torch.empty(b, head, pos, src)
        for index in product(range(b), range(head), range(pos), range(src)):
            expected[index] = torch.dot(q[index[0], index[1], index[2]], k[index[0], index[1], index[3]])
        close(einsum_attention_scores(q, k), expected)
    only_einsum(einsum_attention_scores)


@judged
def test_einsum_bilinear(einsum_bilinear):
    torch.manual_seed(0)
    for batch, n, m, out in ((2, 3, 3, 3), (4, 3, 5, 2), (1, 2, 3, 4)):
        x, W, y = torch.randn(batch, n), torch.randn(out, n, m), torch.randn(batch, m)
        expected = torch.stack([torch.stack([torch.dot(x[i], W[o] @ y[i]) for o in range(out)]) for i in range(batch)])
        close(einsum_bilinear(x, W, y), expected)
    only_einsum(einsum_bilinear)


@judged
def test_tidy_1(tidy_1):
    x = torch.arange(8.0).reshape(1, 2, 4)
    close(tidy_1(x, 2), torch.tensor([[[[0.0, 1], [4, 5]], [[2, 3], [6, 7]]]]))
    torch.manual_seed(0)
    x = torch.randn(2, 3, 10)
    close(tidy_1(x, 5), torch.stack(x.split(2, dim=-1), dim=1))
    without_old_calls(tidy_1)


@judged
def test_tidy_2(tidy_2):
    x = torch.tensor([[[[1.0, 2], [3, 6]], [[10, 20], [30, 60]]]])
    close(tidy_2(x), torch.tensor([[2.0, 4, 20, 40]]))
    torch.manual_seed(0)
    x = torch.randn(3, 2, 5, 4)
    expected = torch.cat([torch.stack([x[:, head, i] for i in range(5)]).mean(dim=0) for head in range(2)], dim=-1)
    close(tidy_2(x), expected)
    without_old_calls(tidy_2)


def looped_patches(images: torch.Tensor, size: int) -> torch.Tensor:
    """The patches in reading order, each read row by row, pixel by pixel, channel by channel."""
    b, c, h, w = images.shape
    corners = list(product(range(0, h, size), range(0, w, size)))
    inside = list(product(range(size), range(size), range(c)))
    d = images.tolist()
    rows = [[[d[n][k][y + dy][x + dx] for dy, dx, k in inside] for y, x in corners] for n in range(b)]
    return torch.tensor(rows, dtype=images.dtype)


@judged
def test_tidy_3(tidy_3):
    torch.manual_seed(0)
    for (b, c, h, w), size in (((1, 2, 4, 4), 2), ((2, 3, 4, 6), 2), ((1, 2, 3, 9), 3)):
        images = torch.randperm(b * c * h * w).float().reshape(b, c, h, w)
        expected = looped_patches(images, size)
        close(tidy_3(images, size), expected)
    without_old_calls(tidy_3)


@judged
def test_tidy_4(tidy_4):
    torch.manual_seed(0)
    for batch, heads, src, d in ((2, 3, 3, 3), (3, 2, 4, 5), (1, 2, 3, 4), (2, 1, 3, 4), (1, 1, 1, 1)):
        weights, values = torch.randn(batch, heads, src), torch.randn(batch, src, heads, d)
        expected = torch.zeros(batch, heads, d)
        for n, head, i in product(range(batch), range(heads), range(src)):
            expected[n, head] += weights[n, head, i] * values[n, i, head]
        close(tidy_4(weights, values), expected)
    without_old_calls(tidy_4)
