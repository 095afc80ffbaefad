"""Six coloured digits, and the puzzles' targets: each is a rule for one pixel, applied by a slow loop."""

from collections.abc import Callable
from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor

# Okabe and Ito's palette: distinct to colour-blind eyes too
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000"]


def coloured_digits() -> Float[Tensor, "b c h w"]:
    """0, 1, 2, 3, 4 and 5 from scikit-learn's digits on white: 6 pictures, 3 colours, 24 rows, 18 columns, from 0 to 1."""
    from sklearn.datasets import load_digits  # slow to import

    images, _ = load_digits(return_X_y=True)
    grey = torch.tensor(images[:6] / 16, dtype=torch.float32).reshape(6, 8, 8)[:, :, 1:7]  # the outer columns are empty
    ink = grey.repeat_interleave(3, dim=1).repeat_interleave(3, dim=2)
    colors = torch.tensor([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)] for color in COLORS])
    return 1 - ink[:, None] * (1 - colors[:, :, None, None])


def looped(digits: Tensor, shape: tuple[int, ...], rule: Callable) -> Tensor:
    """The tensor of that shape whose element at `index` is `rule(digits as nested lists, *index)`."""
    numbers = digits.tolist()
    values = [rule(numbers, *index) for index in product(*map(range, shape))]
    return torch.tensor(values, dtype=digits.dtype).reshape(shape)


def target_1(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """Side by side."""
    b, c, h, w = digits.shape
    return looped(digits, (c, h, b * w), lambda d, i, y, x: d[x // w][i][y][x % w])


def target_2(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """In two rows, read as a page is."""
    b, c, h, w = digits.shape
    per_row = b // 2
    return looped(digits, (c, 2 * h, per_row * w), lambda d, i, y, x: d[y // h * per_row + x // w][i][y % h][x % w])


def target_3(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """In two columns, read down the first, then down the second."""
    b, c, h, w = digits.shape
    per_column = b // 2
    shape = (c, per_column * h, 2 * w)
    return looped(digits, shape, lambda d, i, y, x: d[x // w * per_column + y // h][i][y % h][x % w])


def target_4(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """The first digit, twice as tall, three times in a row."""
    _, c, h, w = digits.shape
    return looped(digits, (c, 2 * h, 3 * w), lambda d, i, y, x: d[0][i][y // 2][x % w])


def target_5(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """All on one sheet: the darkest of the pixels that lie on each other."""
    _, c, h, w = digits.shape
    return looped(digits, (c, h, w), lambda d, i, y, x: min(digit[i][y][x] for digit in d))


def target_6(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """Side by side, without colour: the mean of the channels, which are gone."""
    b, c, h, w = digits.shape
    return looped(digits, (h, b * w), lambda d, y, x: sum(d[x // w][i][y][x % w] for i in range(c)) / c)


def target_7(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """Each mirrored in its diagonal, side by side."""
    b, c, h, w = digits.shape
    return looped(digits, (c, w, b * h), lambda d, i, y, x: d[x // h][i][x % h][y])


def target_8(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """Side by side at half the size: each pixel the mean of a block of two by two."""
    b, c, h, w = digits.shape

    def rule(d, i, y, x):
        n, x = divmod(x, w // 2)
        return sum(d[n][i][2 * y + dy][2 * x + dx] for dy in (0, 1) for dx in (0, 1)) / 4

    return looped(digits, (c, h // 2, b * w // 2), rule)


def target_9(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """Woven: column 0 of every digit, then column 1 of every digit, and so on."""
    b, c, h, w = digits.shape
    return looped(digits, (c, h, w * b), lambda d, i, y, x: d[x % b][i][y][x // b])


def target_10(digits: Float[Tensor, "b c h w"]) -> Tensor:
    """Cut across the middle: all upper halves in a row, then all lower halves."""
    b, c, h, w = digits.shape

    def rule(d, i, y, x):
        lower, x = divmod(x, b * w)
        return d[x // w][i][y + lower * (h // 2)][x % w]

    return looped(digits, (c, h // 2, 2 * b * w), rule)


TARGETS = dict(
    enumerate(
        [target_1, target_2, target_3, target_4, target_5, target_6, target_7, target_8, target_9, target_10], start=1
    )
)
