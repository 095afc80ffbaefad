"""Right answers of the einops lesson, each written in another way than the course's."""

import functools

import einops
import numpy as np
import torch
import torch.nn.functional as F
from einops.layers.torch import Rearrange, Reduce

from coach import variant


@variant("puzzle_1")
def by_cat(digits):
    return torch.cat(list(digits), dim=-1)


@variant("puzzle_1")
def pictures_as_a_list(digits):
    return einops.rearrange([digit for digit in digits], "b c h w -> c h (b w)")


@variant("puzzle_1")
def by_permute(digits):
    return digits.permute(1, 2, 0, 3).flatten(2)


variant("puzzle_1", functools.partial(einops.rearrange, pattern="b c h w -> c h (b w)"), name="a_partial")


@variant("puzzle_2")
def two_cats(digits):
    return torch.cat([torch.cat(list(row), dim=-1) for row in digits.chunk(2)], dim=1)


@variant("puzzle_2")
def three_per_row(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b1 h) (b2 w)", b2=3)


@variant("puzzle_2")
@functools.cache
def a_cached_function(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b1 h) (b2 w)", b1=2, b2=3)


@variant("puzzle_3")
def two_columns(digits):
    left, right = (einops.rearrange(half, "b c h w -> c (b h) w") for half in (digits[:3], digits[3:]))
    return torch.cat([left, right], dim=-1)


@variant("puzzle_3")
def three_down(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b2 h) (b1 w)", b2=3)


@variant("puzzle_4")
def by_interleave_and_tile(digits):
    return digits[0].repeat_interleave(2, dim=1).tile(1, 1, 3)


@variant("puzzle_4")
def by_names(digits):
    return einops.repeat(digits[0], "c h w -> c (h tall) (times w)", tall=2, times=3)


@variant("puzzle_5")
def by_amin(digits):
    return digits.amin(dim=0)


@variant("puzzle_5")
def one_after_the_other(digits):
    return functools.reduce(torch.minimum, digits)


variant("puzzle_5", Reduce("b c h w -> c h w", "min"), name="a_layer")


@variant("puzzle_6")
def first_grey_then_joined(digits):
    return einops.rearrange(digits.mean(dim=1), "b h w -> h (b w)")


@variant("puzzle_6")
def added_and_divided(digits):
    return torch.cat(list(digits.sum(dim=1) / digits.shape[1]), dim=-1)


@variant("puzzle_7")
def each_transposed(digits):
    return torch.cat([digit.mT for digit in digits], dim=-1)


variant("puzzle_7", Rearrange("b c h w -> c w (b h)"), name="a_layer")


@variant("puzzle_8")
def by_avg_pool(digits):
    return einops.rearrange(F.avg_pool2d(digits, 2), "b c h w -> c h (b w)")


@variant("puzzle_8")
def four_slices(digits):
    pixels = [digits[..., dy::2, dx::2] for dy in (0, 1) for dx in (0, 1)]
    return torch.cat(list(sum(pixels) / 4), dim=-1)  # type: ignore


@variant("puzzle_9")
def by_stack(digits):
    return torch.stack(list(digits), dim=-1).flatten(2)


@variant("puzzle_9")
def column_by_column(digits):
    columns = [digits[n, :, :, x] for x in range(digits.shape[3]) for n in range(digits.shape[0])]
    return torch.stack(columns, dim=-1)


@variant("puzzle_10")
def halves_by_chunk(digits):
    upper, lower = digits.chunk(2, dim=2)
    return torch.cat([*upper, *lower], dim=-1)


@variant("puzzle_10")
def half_the_height_given(digits):
    return einops.rearrange(digits, "b c (half h) w -> c h (half b w)", h=digits.shape[2] // 2)


@variant("rearrange_1")
def integers_then_floats():
    return einops.rearrange(torch.arange(3, 9), "(rows columns) -> rows columns", rows=3).float()


@variant("rearrange_1")
def moved_by_three():
    numbers = torch.arange(6.0) + 3
    return einops.rearrange(numbers, "(r c) -> r c", r=3, c=2)


@variant("rearrange_2")
def with_a_dtype():
    return einops.rearrange(torch.arange(1, 7, dtype=torch.float32), "(r c) -> r c", c=3)


@variant("rearrange_2")
def through_the_columns():
    return einops.rearrange(torch.arange(1.0, 7), "(r c) -> c r", r=2).T


@variant("temperatures_average")
def by_view(temps):
    return temps.contiguous().view(-1, 7).mean(dim=1)


@variant("temperatures_average")
def week_by_week(temps):
    if len(temps) % 7:
        raise ValueError
    return torch.stack([temps[i : i + 7].mean() for i in range(0, len(temps), 7)])


@variant("temperatures_average")
def by_numpy(temps):
    return torch.from_numpy(np.reshape(temps.numpy(), (-1, 7)).mean(axis=1))


class Averaging:
    """An object that can be called."""

    def __init__(self, pattern):
        self.pattern = pattern

    def __call__(self, temps):
        return einops.reduce(temps, self.pattern, "mean")


variant("temperatures_average", Averaging("(weeks 7) -> weeks"), name="an_object")


@variant("temperatures_differences")
def table_of_weeks(temps):
    weeks = einops.rearrange(temps, "(weeks days) -> weeks days", days=7)
    return einops.rearrange(weeks - weeks.mean(dim=1, keepdim=True), "weeks days -> (weeks days)")


@variant("temperatures_differences")
def by_repeat_interleave(temps):
    return temps - temps.unflatten(0, (-1, 7)).mean(1).repeat_interleave(7)


@variant("temperatures_normalized")
def by_std(temps):
    weeks = temps.reshape(-1, 7)
    return ((weeks - weeks.mean(1, keepdim=True)) / weeks.std(1, keepdim=True)).flatten()


@variant("temperatures_normalized")
def from_the_sum_of_squares(temps):
    weeks = temps.reshape(-1, 7)
    away = weeks - einops.reduce(weeks, "w d -> w 1", "mean")
    return einops.rearrange(away / (away.square().sum(1, keepdim=True) / 6).sqrt(), "w d -> (w d)")


@variant("temperatures_normalized")
def each_week_by_itself(temps):
    return torch.cat([(week - week.mean()) / week.std() for week in temps.split(7)])


@variant("einsum_trace")
def other_letters(matrix):
    assert matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    return einops.einsum(matrix, "row row -> ")


@variant("einsum_trace")
def imported_within(matrix):
    from einops import einsum

    return einsum(matrix, "i i ->")


variant("einsum_trace", lambda matrix: einops.einsum(matrix, "n n->"), name="a_lambda")


@variant("einsum_mv")
def vector_first(matrix, vector):
    return einops.einsum(vector, matrix, "m, n m -> n")


class Contraction:
    """An object that can be called."""

    def __init__(self, pattern):
        self.pattern = pattern

    def __call__(self, *tensors):
        return einops.einsum(*tensors, self.pattern)  # type: ignore


variant("einsum_mv", Contraction("n m, m -> n"), name="an_object")


@variant("einsum_mm")
def second_first(A, B):
    result = einops.einsum(B, A, "m p, n m -> n p")
    print(result)
    return result


def product(left, right, pattern="i j, j k -> i k"):
    return einops.einsum(left, right, pattern)


@variant("einsum_mm")
def by_a_helper(A, B):
    return product(A, B)


variant("einsum_mm", lambda A, B: product(A, B), name="a_lambda_with_a_helper")


@variant("einsum_inner")
def second_before_first(x, y):
    return einops.einsum(y, x, "i, i ->")


@variant("einsum_outer")
def column_vector_first(x, y):
    return einops.einsum(y, x, "m, n -> n m")


@variant("einsum_outer")
@functools.cache
def cached_outer(x, y):
    return einops.einsum(x, y, "i, j -> i j")


@variant("einsum_attention_scores")
def keys_first(q, k):
    return einops.einsum(k, q, "b h src d, b h pos d -> b h pos src")


@variant("einsum_attention_scores")
def with_dots(q, k):
    return einops.einsum(q, k, "... pos d, ... src d -> ... pos src")


@variant("einsum_bilinear")
def in_two_steps(x, W, y):
    half = einops.einsum(W, y, "out n m, batch m -> batch out n")
    return einops.einsum(half, x, "batch out n, batch n -> batch out")


@variant("einsum_bilinear")
def weights_first(x, W, y):
    return einops.einsum(W, x, y, "o n m, b n, b m -> b o")


@variant("tidy_1")
def width_of_each_given(x, heads):
    return einops.rearrange(x, "b s (h d) -> b h s d", d=x.shape[-1] // heads)


@variant("tidy_1")
def pieces_as_a_list(x, heads):
    return einops.rearrange(list(x.chunk(heads, dim=-1)), "heads batch seq d -> batch heads seq d")


@variant("tidy_1")
def by_a_layer(x, heads):
    return Rearrange("b s (h d) -> b h s d", h=heads)(x)


@variant("tidy_2")
def joined_then_averaged(x):
    return einops.rearrange(x, "b heads seq d -> b seq (heads d)").mean(dim=1)


@variant("tidy_2")
def averaged_then_joined(x):
    return einops.rearrange(x.mean(dim=2), "b heads d -> b (heads d)")


@variant("tidy_2")
def a_mean_of_its_own(x):
    return einops.reduce(x, "b heads seq d -> b (heads d)", torch.mean)


@variant("tidy_3")
def in_two_patterns(images, size):
    x = einops.rearrange(images, "b c (h dy) (w dx) -> b h w dy dx c", dy=size, dx=size)
    return einops.rearrange(x, "b h w dy dx c -> b (h w) (dy dx c)")


@variant("tidy_3")
def numbers_of_patches_given(images, size):
    h, w = images.shape[2] // size, images.shape[3] // size
    return einops.rearrange(images, "b c (h y) (w x) -> b (h w) (y x c)", h=h, w=w)


@variant("tidy_3")
def channels_last_first(images, size):
    x = einops.rearrange(images, "b c h w -> b h w c")
    return einops.rearrange(x, "b (h s1) (w s2) c -> b (h w) (s1 s2 c)", s1=size, s2=size)


@variant("tidy_4")
def values_first(weights, values):
    return einops.einsum(values, weights, "b src h d, b h src -> b h d")


@variant("tidy_4")
def multiplied_and_reduced(weights, values):
    weighted = einops.rearrange(weights, "b h src -> b src h 1") * values
    return einops.reduce(weighted, "b src h d -> b h d", "sum")


@variant("tidy_4")
def by_matmul(weights, values):
    rows = einops.rearrange(weights, "b h src -> b h 1 src") @ einops.rearrange(values, "b src h d -> b h src d")
    return einops.rearrange(rows, "b h 1 d -> b h d")


@variant("tidy_4")
def multiplied_and_summed_by_torch(weights, values):
    return (einops.rearrange(weights, "b h src -> b src h 1") * values).sum(dim=1)


@variant("tidy_4")
def by_torch_matmul(weights, values):
    rows = torch.matmul(
        einops.rearrange(weights, "b h src -> b h 1 src"),
        einops.rearrange(values, "b src h d -> b h src d").contiguous(),
    )
    return einops.rearrange(rows, "b h 1 d -> b h d")
