"""The wrong answers of the first lesson of day 1, each explained in a sentence."""

import math

import einops
import numpy as np
import torch

from coach import mistake
from part1_raytracing import solutions
from part1_raytracing.solutions import SINGULAR


@mistake(
    "make_rays_1d", zh="光线只占了一半：`y` 从 `-y_limit` 开始。", en="That is half of them: `y` begins at `-y_limit`."
)
def half_the_screen(num_pixels, y_limit):
    rays = solutions.make_rays_1d(num_pixels, y_limit)
    rays[:, 1, 1] = torch.linspace(0, y_limit, num_pixels)
    return rays


@mistake(
    "make_rays_1d",
    zh="右端没有算进去：`arange` 不含终点，用 `linspace`。",
    en="The last end is missing: `arange` leaves it out, `linspace` has it.",
)
def without_the_end(num_pixels, y_limit):
    rays = solutions.make_rays_1d(num_pixels, y_limit)
    rays[:, 1, 1] = torch.arange(num_pixels) * (2 * y_limit / max(num_pixels, 1)) - y_limit
    return rays


@mistake(
    "make_rays_1d",
    zh="`y` 是第 1 个分量，你写进了第 2 个（`z`）。",
    en="`y` is component 1; you wrote into component 2, which is `z`.",
)
def along_z(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit)[..., [0, 2, 1]]


@mistake(
    "make_rays_1d",
    zh="方向的 `x` 分量还是 0：屏幕在 x = 1。",
    en="The directions' `x` is still 0: the screen stands at x = 1.",
)
def never_forward(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit) * torch.tensor([0.0, 1, 1])


@mistake(
    "make_rays_1d",
    zh="起点和方向调换了：先起点，后方向。",
    en="Origin and direction have changed places: the origin comes first.",
)
def swapped(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit).flip(1)


@mistake(
    "make_rays_1d",
    zh="顺序反了：`y` 从 `-y_limit` 到 `y_limit`。",
    en="The order is reversed: `y` goes from `-y_limit` to `y_limit`.",
)
def from_the_other_end(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit).flip(0)


@mistake(
    "make_rays_1d",
    zh="方向不必化成单位长度：它的 `x` 分量总是 1。",
    en="The directions need not have length 1: their `x` is always 1.",
)
def of_length_one(num_pixels, y_limit):
    return torch.nn.functional.normalize(solutions.make_rays_1d(num_pixels, y_limit), dim=-1)


@mistake(
    "make_rays_1d",
    zh="第一个轴是光线，第二个轴才是起点和方向。",
    en="The rays are the first axis; origin and direction are the second.",
)
def point_axis_first(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit).transpose(0, 1)


@mistake("make_rays_1d", zh="这是 float64：要的是 float32。", en="This is float64: float32 is wanted.")
def rays_in_float64(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit).double()


@mistake(
    "make_rays_1d",
    zh="0 个像素就没有光线：结果的形状是 `0 2 3`，这里却有一条。",
    en="0 pixels have no rays: the result has the shape `0 2 3`, and here is one ray.",
)
def at_least_one_ray(num_pixels, y_limit):
    return solutions.make_rays_1d(max(1, num_pixels), y_limit)


@mistake(
    "make_rays_1d",
    zh="0 个像素时出错了：结果应当是形状为 `0 2 3` 的空张量。",
    en="0 pixels end in an error: the result is an empty tensor of the shape `0 2 3`.",
)
def no_pixels_no_answer(num_pixels, y_limit):
    if not num_pixels:
        raise RuntimeError("nothing to stack")
    return solutions.make_rays_1d(num_pixels, y_limit)


@mistake(
    "make_rays_1d",
    zh="只有 1 个像素时出错了：间距里的 `num_pixels - 1` 这时是 0。",
    en="A single pixel ends in an error: `num_pixels - 1`, the number of steps, is 0 then.",
)
def one_pixel_has_no_step(num_pixels, y_limit):
    if num_pixels == 1:
        raise ZeroDivisionError
    return solutions.make_rays_1d(num_pixels, y_limit)


@mistake(
    "make_rays_1d",
    zh="只有 1 个像素时，它在 `-y_limit`，不在正中。",
    en="A single pixel is at `-y_limit`, not in the middle.",
)
def one_pixel_in_the_middle(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, 0.0 if num_pixels == 1 else y_limit)


@mistake(
    "make_rays_1d",
    zh="最外面的两条没有落在界限上：`y` 从 `-y_limit` 到 `y_limit`，两端都算在内。",
    en="The outermost two are not at the limits: `y` goes from `-y_limit` to `y_limit`, both included.",
)
def through_the_middles_of_pixels(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit * (1 - 1 / max(num_pixels, 1)))


@mistake(
    "make_rays_1d",
    zh="起点的 `x` 也成了 1：起点是原点。",
    en="The origins have `x` = 1 as well: they are 0.",
)
def starting_at_the_screen(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit) + torch.tensor([[1.0, 0, 0], [0, 0, 0]])


@mistake(
    "make_rays_1d",
    zh="方向的 `z` 成了 1：它是 0。",
    en="The directions have `z` = 1: it is 0.",
)
def up_as_well(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit) + torch.tensor([[0.0, 0, 0], [0, 0, 1]])


@mistake(
    "make_rays_1d",
    zh="这些只是方向：每条光线要有起点和方向，形状是 `nrays 2 3`。",
    en="These are directions only: a ray is an origin and a direction, so the shape is `nrays 2 3`.",
)
def directions_only(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels, y_limit)[:, 1]


@mistake(
    "make_rays_1d",
    zh="多了一条光线：一共 `num_pixels` 条。",
    en="That is one ray too many: there are `num_pixels`.",
)
def one_ray_too_many(num_pixels, y_limit):
    return solutions.make_rays_1d(num_pixels + 1, y_limit)


@mistake(
    "make_rays_1d",
    zh="`y` 被取整了：它可以是任何数。",
    en="`y` is rounded: it may be any number.",
)
def rounded_to_a_decimal(num_pixels, y_limit):
    return torch.round(solutions.make_rays_1d(num_pixels, y_limit), decimals=1)


# Mistakes in one pair of a ray and a segment, written for tensors "... 2 3" that are broadcast: the batch makes the same.


def solved_1d(ray, segment, least=SINGULAR, size=None, sign=1, rows=False, plane=(0, 1)):
    """u and v of each pair, NaN where it counts as parallel: up to `least * size(matrix)`, the columns' lengths if None."""
    (O, D), (L1, L2) = (x[..., plane].unbind(dim=-2) for x in (ray, segment))
    matrix = torch.stack(torch.broadcast_tensors(D, sign * (L1 - L2)), dim=-2 if rows else -1)
    product = (matrix.norm(dim=-1 if rows else -2)).prod(dim=-1) if size is None else size(matrix)
    parallel = ~(matrix.det().abs() > least * product)
    matrix = torch.where(parallel[..., None, None], torch.eye(2).to(matrix), matrix)
    u, v = torch.linalg.solve(matrix, (L1 - O).expand(matrix.shape[:-1])).unbind(dim=-1)
    return torch.where(parallel, math.nan, u), torch.where(parallel, math.nan, v)


def on_segment(solution):
    u, v = solution
    return (u >= 0) & (v >= 0) & (v <= 1)


def of_solution_1d(condition, **changes):
    """The answers of all pairs by a condition on u and v; `changes` are those of `solved_1d`."""
    return lambda ray, segment: condition(*solved_1d(ray, segment, **changes))


def limited(size):
    return of_solution_1d(lambda u, v: on_segment((u, v)), size=size)


def determinant_1d(ray, segment, dims=2):
    (_, D), (L1, L2) = (x[..., :dims].unbind(dim=-2) for x in (ray, segment))
    return torch.stack(torch.broadcast_tensors(D, L1 - L2), dim=-1)[..., :2, :].det()


def lengths_in_space(ray, segment):
    (_, D), (L1, L2) = ray.unbind(dim=-2), segment.unbind(dim=-2)
    flat = determinant_1d(ray, segment).abs() <= SINGULAR * D.norm(dim=-1) * (L1 - L2).norm(dim=-1)
    return on_segment(solved_1d(ray, segment)) & ~flat


def met_1d(ray, segment):
    return on_segment(solved_1d(ray, segment))


def moved(of_ray=((1, 0), (0, 1)), of_segment=((1, 0), (0, 1))):
    """The answers for other points: each row is a sum of the old ones."""
    of_ray, of_segment = (torch.tensor(rows, dtype=torch.float32) for rows in (of_ray, of_segment))
    return lambda ray, segment: met_1d(of_ray.to(ray) @ ray, of_segment.to(ray) @ segment)


TOLERANT = {
    "zh": "从旁边擦过的也算成了碰到：要与 0 和 1 本身比，不留余地。",
    "en": "What is missed by a little counts as met: compare with 0 and 1 themselves, with no margin.",
}
LIMIT = {
    "zh": "是否平行，随大小变了：`SINGULAR` 要乘各列长度之积，不平方，也不漏掉一列。",
    "en": "Whether it is parallel changes with the size: `SINGULAR` is multiplied by the lengths of all columns, none squared and none left out.",
}

OF_ONE_SEGMENT = {
    "ray_as_line": (
        of_solution_1d(lambda u, v: (v >= 0) & (v <= 1)),
        {"zh": "你把光线当成了直线：还要 `u >= 0`。", "en": "You took the ray for a line: `u >= 0` is needed too."},
    ),
    "segment_as_line": (
        of_solution_1d(lambda u, v: u >= 0),
        {
            "zh": "你把线段当成了直线：还要 `0 <= v <= 1`。",
            "en": "You took the segment for a line: `0 <= v <= 1` is needed too.",
        },
    ),
    "open_far_end": (
        of_solution_1d(lambda u, v: (u >= 0) & (v >= 0)),
        {
            "zh": "线段的另一头没有管：还要 `v <= 1`。",
            "en": "The segment's far end is open: `v <= 1` is needed too.",
        },
    ),
    "open_near_end": (
        of_solution_1d(lambda u, v: (u >= 0) & (v <= 1)),
        {
            "zh": "少了 `v >= 0`：第一个端点之外也算进来了。",
            "en": "`v >= 0` is missing: what lies before the first end counts too.",
        },
    ),
    "without_end_points": (
        of_solution_1d(lambda u, v: (u >= 0) & (v > 0) & (v < 1)),
        {"zh": "线段的端点也算：用 `<=`，不用 `<`。", "en": "The segment's end points count: `<=`, not `<`."},
    ),
    "all_strict": (
        of_solution_1d(lambda u, v: (u > 0) & (v > 0) & (v < 1)),
        {
            "zh": "线段的端点、光线的起点都算：用 `>=` 和 `<=`，不用 `>` 和 `<`。",
            "en": "The segment's ends count, and so does the ray's origin: `>=` and `<=`, not `>` and `<`.",
        },
    ),
    "first_end_left_out": (
        of_solution_1d(lambda u, v: (u >= 0) & (v > 0) & (v <= 1)),
        {
            "zh": "第一个端点 `L1` 也算：要 `v >= 0`，不是 `v > 0`。",
            "en": "The first end, `L1`, counts: it is `v >= 0`, not `v > 0`.",
        },
    ),
    "second_end_left_out": (
        of_solution_1d(lambda u, v: (u >= 0) & (v >= 0) & (v < 1)),
        {
            "zh": "第二个端点 `L2` 也算：要 `v <= 1`，不是 `v < 1`。",
            "en": "The second end, `L2`, counts: it is `v <= 1`, not `v < 1`.",
        },
    ),
    "without_the_origin": (
        of_solution_1d(lambda u, v: (u > 0) & (v >= 0) & (v <= 1)),
        {
            "zh": "线段经过光线的起点也算碰到：`u >= 0`，不是 `u > 0`。",
            "en": "A segment through the ray's origin is met too: `u >= 0`, not `u > 0`.",
        },
    ),
    "conditions_swapped": (
        of_solution_1d(lambda u, v: (v >= 0) & (u >= 0) & (u <= 1)),
        {
            "zh": "两个未知数的条件调换了：`u` 只要 `>= 0`，`v` 才要在 0 与 1 之间。",
            "en": "The conditions have changed places: `u` need only be `>= 0`; it is `v` that lies between 0 and 1.",
        },
    ),
    "ray_as_segment": (
        of_solution_1d(lambda u, v: (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)),
        {"zh": "光线没有尽头：`u` 可以大于 1。", "en": "A ray has no end: `u` may be above 1."},
    ),
    "from_the_screen": (
        of_solution_1d(lambda u, v: (u >= 1) & (v >= 0) & (v <= 1)),
        {
            "zh": "光线不是从屏幕开始的：`u` 只需要 `>= 0`，`u >= 1` 就太多了。",
            "en": "A ray does not begin at the screen: `u >= 0` is all, `u >= 1` is too much.",
        },
    ),
    "with_room_to_spare": (
        of_solution_1d(lambda u, v: (u >= -1e-3) & (v >= -1e-3) & (v <= 1.001)),
        TOLERANT,
    ),
    "from_zero": (
        moved(of_ray=((0, 0), (0, 1))),
        {
            "zh": "光线的起点没有进方程：右边是 `L1 - O`。",
            "en": "The ray's origin is missing: the right-hand side is `L1 - O`.",
        },
    ),
    "direction_as_a_point": (
        moved(of_ray=((1, 0), (-1, 1))),
        {
            "zh": "光线的第二行已经是方向：不要再减去起点。",
            "en": "The ray's second row is a direction already: don't take the origin off it.",
        },
    ),
    "end_as_a_direction": (
        moved(of_segment=((1, 0), (1, 1))),
        {
            "zh": "线段的第二行是端点 `L2`，不是方向：第二列是 `L1 - L2`。",
            "en": "The segment's second row is its end, `L2`, and no direction: the second column is `L1 - L2`.",
        },
    ),
    "small_is_singular": (
        limited(lambda matrix: 1.0),
        {
            "zh": "小不等于奇异：行列式要与各列的长度比。",
            "en": "Small is not singular: compare the determinant with the columns' lengths.",
        },
    ),
    "signed_determinant": (
        lambda ray, segment: met_1d(ray, segment) & (determinant_1d(ray, segment) > 0),
        {
            "zh": "行列式是负数时，你当成了平行：比较它的绝对值。",
            "en": "Where the determinant is negative you take the lines for parallel: compare its absolute value.",
        },
    ),
    "second_column_reversed": (
        of_solution_1d(lambda u, v: on_segment((u, v)), sign=-1),
        {
            "zh": "第二列的符号反了：是 `L1 - L2`，不是 `L2 - L1`。",
            "en": "The second column has the wrong sign: it is `L1 - L2`, not `L2 - L1`.",
        },
    ),
    "right_side_reversed": (
        of_solution_1d(lambda u, v: on_segment((-u, -v))),
        {
            "zh": "右边的符号反了：是 `L1 - O`，不是 `O - L1`。",
            "en": "The right-hand side has the wrong sign: it is `L1 - O`, not `O - L1`.",
        },
    ),
    "vectors_as_rows": (
        of_solution_1d(lambda u, v: on_segment((u, v)), rows=True),
        {
            "zh": "矩阵放反了：向量要作列（`dim=-1`），你作了行。",
            "en": "The matrix is transposed: the vectors are its columns (`dim=-1`), not its rows.",
        },
    ),
    "lengths_of_the_rows": (
        limited(lambda matrix: matrix.norm(dim=-1).prod(dim=-1)),
        {
            "zh": "要与各列的长度比，你用了各行的。",
            "en": "Compare with the lengths of the columns, not of the rows.",
        },
    ),
    "lengths_squared": (limited(lambda matrix: matrix.norm(dim=-2).prod(dim=-1) ** 2), LIMIT),
    "length_of_the_ray_only": (limited(lambda matrix: matrix.norm(dim=-2)[..., 0]), LIMIT),
    "length_of_the_segment_only": (limited(lambda matrix: matrix.norm(dim=-2)[..., 1]), LIMIT),
    "sum_of_the_lengths": (
        limited(lambda matrix: matrix.norm(dim=-2).sum(dim=-1)),
        {
            "zh": "要与各列长度之积比，不是与它们的和比。",
            "en": "Compare with the product of the columns' lengths, not with their sum.",
        },
    ),
    "only_exactly_parallel": (
        of_solution_1d(lambda u, v: on_segment((u, v)), least=0.0),
        {
            "zh": "有舍入时，平行的行列式不是正好 0：要与 `SINGULAR` 倍的长度之积比。",
            "en": "With rounding the determinant of parallel lines isn't exactly 0: compare with `SINGULAR` times the lengths.",
        },
    ),
    "nearly_parallel": (
        of_solution_1d(lambda u, v: on_segment((u, v)), least=1e-3),
        {
            "zh": "夹角很小还不是平行：界限是 `SINGULAR`。",
            "en": "A small angle is not parallel yet: the limit is `SINGULAR`.",
        },
    ),
    "parallel_counts": (
        of_solution_1d(lambda u, v: on_segment((u, v)) | u.isnan()),
        {
            "zh": "平行的从不算碰到，即使在同一直线上。",
            "en": "What is parallel is never met, even on one line.",
        },
    ),
    "in_another_plane": (
        of_solution_1d(lambda u, v: on_segment((u, v)), plane=(1, 2)),
        {
            "zh": "xy 平面是前两个分量：你取了 `y` 和 `z`。",
            "en": "The xy plane is the first two components: you took `y` and `z`.",
        },
    ),
    "in_the_xz_plane": (
        of_solution_1d(lambda u, v: on_segment((u, v)), plane=(0, 2)),
        {
            "zh": "xy 平面是前两个分量：你取了 `x` 和 `z`。",
            "en": "The xy plane is the first two components: you took `x` and `z`.",
        },
    ),
    "lengths_in_space": (
        lengths_in_space,
        {
            "zh": "高度影响了结果：`z` 不算，求长度时也只用 `x` 和 `y`。",
            "en": "The height changes the answer: `z` is ignored, so lengths are those of `x` and `y` as well.",
        },
    ),
}


def known_as(name, function):
    function.__name__ = name
    return function


for name, (pair, words) in OF_ONE_SEGMENT.items():
    single = known_as(name, lambda ray, segment, pair=pair: bool(pair(ray, segment)))
    batch = known_as(f"{name}_of_all", lambda rays, segments, pair=pair: pair(rays[:, None], segments).any(dim=-1))
    mistake("intersect_ray_1d", **words)(single)
    mistake("intersect_rays_1d", **words)(batch)


def pairs_1d(rays, segments):
    return met_1d(rays[:, None], segments)


@mistake(
    "intersect_ray_1d",
    zh="平行的线段让 `torch.linalg.solve` 出错：先看行列式，再求解。",
    en="A parallel segment makes `torch.linalg.solve` fail: look at the determinant before you solve.",
)
def solved_without_asking(ray, segment):
    (O, D), (L1, L2) = ray[:, :2], segment[:, :2]
    u, v = torch.linalg.solve(torch.stack([D, L1 - L2], dim=-1), L1 - O)
    return bool(on_segment((u, v)))


@mistake(
    "intersect_ray_1d",
    zh="方向或线段的长度为零时出错了：这时行列式与长度之积都是 0，所以要用 `<=`。",
    en="A direction or a segment of length zero ends in an error: both sides are 0 then, so compare with `<=`.",
)
def zero_is_not_below_zero(ray, segment):
    if not (ray[1, :2].any() and (segment[1] - segment[0])[:2].any()):
        raise torch.linalg.LinAlgError  # type: ignore
    return solutions.intersect_ray_1d(ray, segment)


@mistake(
    "intersect_ray_1d",
    zh="返回的是一个元素的张量：用 `bool(…)` 变成 Python 的真假。",
    en="That is a tensor of one truth value: `bool(…)` makes Python's of it.",
)
def one_truth_in_a_tensor(ray, segment):
    return torch.tensor(solutions.intersect_ray_1d(ray, segment))


@mistake(
    "intersect_rays_1d",
    zh="与一条线段平行的光线整条被排除了：只排除那一对，它还可能碰到别的线段。",
    en="A ray parallel to one segment is ruled out as a whole: rule out that pair only, it may meet another segment.",
)
def out_for_one_parallel(rays, segments):
    u, _ = solved_1d(rays[:, None], segments)
    return solutions.intersect_rays_1d(rays, segments) & ~u.isnan().any(dim=-1)


@mistake(
    "intersect_rays_1d", zh="“任意一条”是 `any`，你用了 `all`。", en='"Any of the segments" is `any`; you used `all`.'
)
def all_segments(rays, segments):
    return pairs_1d(rays, segments).all(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="换进去的单位矩阵也有解：最后要排除奇异的那些。",
    en="The identity you put in has a solution too: rule the singular ones out at the end.",
)
def identity_counts(rays, segments):
    u, v = solved_1d(rays[:, None], segments)
    x, y = (segments[:, 0, :2] - rays[:, None, 0, :2]).unbind(dim=-1)
    return (on_segment((u, v)) | u.isnan() & on_segment((x, y))).any(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="`any` 取错了维：要对线段取，每条光线留一个值。",
    en="`any` over the wrong axis: reduce over the segments, and keep a value for each ray.",
)
def any_over_rays(rays, segments):
    return pairs_1d(rays, segments).any(dim=0)


@mistake(
    "intersect_rays_1d",
    zh="一个奇异矩阵就让整批求解失败：先用 `torch.where` 换成单位矩阵。",
    en="One singular matrix makes the whole batch fail: first put an identity in its place with `torch.where`.",
)
def solved_with_the_singular_ones(rays, segments):
    O, D = (rays[:, None, i, :2].expand(-1, len(segments), -1) for i in (0, 1))
    L1, L2 = segments[:, 0, :2], segments[:, 1, :2]
    u, v = torch.linalg.solve(torch.stack([D, (L1 - L2).expand_as(D)], dim=-1), L1 - O).unbind(dim=-1)
    return ((u >= 0) & (v >= 0) & (v <= 1)).any(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="每条光线要与每条线段配对，你只配了同一个下标的。",
    en="Each ray goes with each segment; you paired those of the same index only.",
)
def the_same_index_only(rays, segments):
    pairs = pairs_1d(rays, segments)
    return (pairs & torch.eye(*pairs.shape, dtype=torch.bool)).any(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="没有线段时出错了：这时每条光线都是 `False`。",
    en="Without segments it ends in an error: then every ray is `False`.",
)
def nothing_to_meet(rays, segments):
    if not len(segments):
        raise RuntimeError("no segments")
    return solutions.intersect_rays_1d(rays, segments)


@mistake(
    "intersect_rays_1d",
    zh="没有光线时出错了：这时结果是空的布尔张量。",
    en="Without rays it ends in an error: then the result is an empty tensor of booleans.",
)
def nobody_to_meet(rays, segments):
    if not len(rays):
        raise RuntimeError("no rays")
    return solutions.intersect_rays_1d(rays, segments)


@mistake(
    "intersect_rays_1d",
    zh="只看了第一条线段：任意一条都算。",
    en="Only the first segment counts: any of them should.",
)
def the_first_segment_only(rays, segments):
    return solutions.intersect_rays_1d(rays, segments[:1])


@mistake(
    "intersect_rays_1d",
    zh="只有最后一条线段算数：前面碰到的要用 `|` 留住。",
    en="Only the last segment counts: keep the earlier hits, with `|`.",
)
def the_last_segment_only(rays, segments):
    return solutions.intersect_rays_1d(rays, segments[-1:])


@mistake(
    "intersect_rays_1d",
    zh="这是每一对的结果：还要对线段取 `any`，每条光线留一个值。",
    en="That is an answer for each pair: take `any` over the segments, one value is left for each ray.",
)
def each_pair_by_itself(rays, segments):
    return pairs_1d(rays, segments)


@mistake(
    "intersect_rays_1d",
    zh="这是碰到几条线段，不是碰到没有：用 `any`，结果是布尔张量。",
    en="That is how many segments are met, not whether any is: `any` gives a tensor of booleans.",
)
def how_many(rays, segments):
    return pairs_1d(rays, segments).sum(dim=-1)


@mistake(
    "make_rays_2d", zh="顺序反了：`z` 变得快，`y` 变得慢。", en="The order is the other one: `z` runs fast, `y` slowly."
)
def y_fast(num_pixels_y, num_pixels_z, y_limit, z_limit):
    rays = solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit)
    return einops.rearrange(rays, "(y z) point d -> (z y) point d", y=num_pixels_y, z=num_pixels_z)


@mistake(
    "make_rays_2d",
    zh="两个范围调换了：`y` 到 `y_limit`，`z` 到 `z_limit`。",
    en="The limits have changed places: `y` goes to `y_limit`, `z` to `z_limit`.",
)
def swapped_limits(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, z_limit, y_limit)


@mistake(
    "make_rays_2d",
    zh="方向的 `x` 分量还是 0：屏幕在 x = 1。",
    en="The directions' `x` is still 0: the screen stands at x = 1.",
)
def flat_screen(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit) * torch.tensor([0.0, 1, 1])


@mistake("make_rays_2d", zh="两个方向上的像素个数调换了。", en="The numbers of pixels have changed places.")
def swapped_numbers(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(num_pixels_z, num_pixels_y, y_limit, z_limit)


@mistake(
    "make_rays_2d",
    zh="`y` 是第 1 个分量，`z` 是第 2 个，你写反了。",
    en="`y` is component 1 and `z` is component 2; you have them the other way round.",
)
def swapped_components(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit)[..., [0, 2, 1]]


@mistake(
    "make_rays_2d",
    zh="光线只占了一角：两个方向都从负的界限开始。",
    en="That is one corner of the screen: both begin at minus their limit.",
)
def one_corner(num_pixels_y, num_pixels_z, y_limit, z_limit):
    rays = solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit / 2, z_limit / 2)
    return rays + torch.tensor([[0.0, 0, 0], [0, y_limit / 2, z_limit / 2]])


@mistake(
    "make_rays_2d",
    zh="少了 `(y z)` 的合并：结果只有一个光线轴。",
    en="The two axes are not merged to `(y z)`: the result has one axis of rays.",
)
def two_axes_of_rays(num_pixels_y, num_pixels_z, y_limit, z_limit):
    rays = solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit)
    return rays.reshape(num_pixels_y, num_pixels_z, 2, 3)


@mistake("make_rays_2d", zh="这是 float64：要的是 float32。", en="This is float64: float32 is wanted.")
def screen_in_float64(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit).double()


@mistake(
    "make_rays_2d",
    zh="起点和方向调换了：先起点，后方向。",
    en="Origin and direction have changed places: the origin comes first.",
)
def direction_first(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit).flip(1)


@mistake(
    "make_rays_2d",
    zh="0 个像素时出错了：结果应当是形状为 `0 2 3` 的空张量。",
    en="0 pixels end in an error: the result is an empty tensor of the shape `0 2 3`.",
)
def no_pixels_no_screen(num_pixels_y, num_pixels_z, y_limit, z_limit):
    if not num_pixels_y * num_pixels_z:
        raise RuntimeError("nothing to stack")
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit)


@mistake(
    "make_rays_2d",
    zh="0 个像素就没有光线，这里却有。",
    en="0 pixels have no rays, and here are some.",
)
def at_least_one_pixel(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(max(1, num_pixels_y), max(1, num_pixels_z), y_limit, z_limit)


@mistake(
    "make_rays_2d",
    zh="一个方向上只有 1 个像素时出错了：间距里的“个数减 1”这时是 0。",
    en="A single pixel along an axis ends in an error: the number of steps, one less, is 0 then.",
)
def one_pixel_without_a_step(num_pixels_y, num_pixels_z, y_limit, z_limit):
    if 1 in (num_pixels_y, num_pixels_z):
        raise ZeroDivisionError
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit)


@mistake(
    "make_rays_2d",
    zh="一个方向上只有 1 个像素时，它在负的界限处，不在正中。",
    en="A single pixel along an axis is at minus the limit, not in the middle.",
)
def a_single_one_in_the_middle(num_pixels_y, num_pixels_z, y_limit, z_limit):
    y, z = (limit * (n != 1) for limit, n in ((y_limit, num_pixels_y), (z_limit, num_pixels_z)))
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y, z)


@mistake(
    "make_rays_2d",
    zh="`y` 和 `z` 一同变化：每个 `y` 要与每个 `z` 配对。",
    en="`y` and `z` change together: every `y` goes with every `z`.",
)
def along_a_diagonal(num_pixels_y, num_pixels_z, y_limit, z_limit):
    n = num_pixels_y * num_pixels_z
    rays = solutions.make_rays_2d(n, 1, y_limit, 0.0)
    rays[:, 1, 2] = torch.linspace(-z_limit, z_limit, n)
    return rays


@mistake(
    "make_rays_2d",
    zh="起点的 `x` 也成了 1：起点是原点。",
    en="The origins have `x` = 1 as well: they are 0.",
)
def starting_from_the_screen(num_pixels_y, num_pixels_z, y_limit, z_limit):
    rays = solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, z_limit)
    return rays + torch.tensor([[1.0, 0, 0], [0, 0, 0]])


@mistake(
    "make_rays_2d",
    zh="最外面的没有落在界限上：两个方向都从负的界限到正的界限，两端都算在内。",
    en="The outermost are not at the limits: each goes from minus its limit to its limit, both included.",
)
def middles_of_pixels(num_pixels_y, num_pixels_z, y_limit, z_limit):
    y, z = (limit * (1 - 1 / max(n, 1)) for limit, n in ((y_limit, num_pixels_y), (z_limit, num_pixels_z)))
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y, z)


@mistake(
    "make_rays_2d",
    zh="两个方向用了同一个界限：`y` 到 `y_limit`，`z` 到 `z_limit`。",
    en="Both got the same limit: `y` goes to `y_limit`, `z` to `z_limit`.",
)
def one_limit_for_both(num_pixels_y, num_pixels_z, y_limit, z_limit):
    return solutions.make_rays_2d(num_pixels_y, num_pixels_z, y_limit, y_limit)


@mistake(
    "make_rays_2d",
    zh="终点没有算进去：`arange` 不含终点，用 `linspace`。",
    en="The last of each axis is missing: `arange` leaves it out, `linspace` has it.",
)
def screen_without_its_ends(num_pixels_y, num_pixels_z, y_limit, z_limit):
    rays = solutions.make_rays_2d(num_pixels_y, num_pixels_z, 0.0, 0.0)
    steps = torch.cartesian_prod(
        torch.arange(num_pixels_y) * (2 * y_limit / max(num_pixels_y, 1)) - y_limit,
        torch.arange(num_pixels_z) * (2 * z_limit / max(num_pixels_z, 1)) - z_limit,
    )
    rays[:, 1, 1:] = steps
    return rays


# Mistakes in one pair of a ray and a triangle, written for tensors "... 3" that are broadcast: each gives whether it is
# met and where, for one pair, for all rays, and for a mesh.


def solved(A, B, C, O, D, least=SINGULAR, size=None, rows=False):
    """s, u and v of each pair, NaN where it counts as parallel: up to `least * size(|D|, |B - A|, |C - A|)`."""
    columns = torch.broadcast_tensors(-D, B - A, C - A)
    matrix = torch.stack(columns, dim=-2 if rows else -1)
    lengths = [column.norm(dim=-1) for column in columns]
    product = lengths[0] * lengths[1] * lengths[2] if size is None else size(*lengths)
    parallel = ~(matrix.det().abs() > least * product)
    matrix = torch.where(parallel[..., None, None], torch.eye(3).to(matrix), matrix)
    found = torch.linalg.solve(matrix, (O - A).expand(matrix.shape[:-1]))
    return torch.where(parallel[..., None], math.nan, found).unbind(dim=-1)


def inside(s, u, v):
    return (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)


def by(condition, **changes):
    """Whether each pair meets by a condition on s, u and v, and its s; `changes` are those of `solved`."""

    def pair(A, B, C, O, D):
        s, u, v = solved(A, B, C, O, D, **changes)
        return condition(s, u, v), s

    return pair


def for_other_points(change):
    return lambda A, B, C, O, D: by(inside)(*change(A, B, C, O, D))


def with_determinant(condition):
    """Only where `condition` holds of the determinant."""

    def pair(A, B, C, O, D):
        hit, s = by(inside)(A, B, C, O, D)
        return hit & condition(-(D * torch.linalg.cross(*torch.broadcast_tensors(B - A, C - A))).sum(dim=-1)), s

    return pair


def by_row_lengths(A, B, C, O, D):
    matrix = torch.stack(torch.broadcast_tensors(-D, B - A, C - A), dim=-1)
    hit, s = by(inside)(A, B, C, O, D)
    return hit & (matrix.det().abs() > SINGULAR * matrix.norm(dim=-1).prod(dim=-1)), s


def with_the_identity(A, B, C, O, D):
    (s, u, v), instead = solved(A, B, C, O, D), (O - A).unbind(dim=-1)
    s, u, v = (torch.where(s.isnan(), y, x) for x, y in zip((s, u, v), instead, strict=True))
    return inside(s, u, v), s


SMALL = {
    "zh": "小不等于奇异：行列式要与各列的长度比。",
    "en": "Small is not singular: compare the determinant with the columns' lengths.",
}

OF_ONE_TRIANGLE = {
    "parallelogram": (
        by(lambda s, u, v: (s >= 0) & (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)),
        {
            "zh": "少了 `u + v <= 1`：你测的是平行四边形。",
            "en": "`u + v <= 1` is missing: you test a parallelogram.",
        },
    ),
    "no_third_edge": (
        by(lambda s, u, v: (s >= 0) & (u >= 0) & (v >= 0)),
        {
            "zh": "`u` 和 `v` 没有上限：少了 `u + v <= 1`。",
            "en": "`u` and `v` have no upper limit: `u + v <= 1` is missing.",
        },
    ),
    "behind_the_eye": (
        by(lambda s, u, v: inside(0 * s, u, v)),
        {
            "zh": "少了 `s >= 0`：眼睛后面的也算进来了。",
            "en": "`s >= 0` is missing: what is behind the eye counts too.",
        },
    ),
    "without_border": (
        by(lambda s, u, v: (s >= 0) & (u > 0) & (v > 0) & (u + v < 1)),
        {"zh": "边和顶点也算：用 `>=` 和 `<=`。", "en": "Edges and corners count: `>=` and `<=`."},
    ),
    "all_strict": (
        by(lambda s, u, v: (s > 0) & (u > 0) & (v > 0) & (u + v < 1)),
        {
            "zh": "边和顶点都算，起点就在三角形上也算：用 `>=` 和 `<=`。",
            "en": "Edges and corners count, and so does an origin on the triangle: `>=` and `<=`.",
        },
    ),
    "edge_bc_left_out": (
        by(lambda s, u, v: (s >= 0) & (u >= 0) & (v >= 0) & (u + v < 1)),
        {"zh": "边 BC 也算：要 `u + v <= 1`，不是 `<`。", "en": "The edge BC counts: it is `u + v <= 1`, not `<`."},
    ),
    "edges_ab_and_ac_left_out": (
        by(lambda s, u, v: (s >= 0) & (u > 0) & (v > 0) & (u + v <= 1)),
        {
            "zh": "边 AB 和 AC 也算：要 `u >= 0` 和 `v >= 0`，不是 `>`。",
            "en": "The edges AB and AC count: it is `u >= 0` and `v >= 0`, not `>`.",
        },
    ),
    "not_at_the_origin": (
        by(lambda s, u, v: inside(s, u, v) & (s > 0)),
        {
            "zh": "起点就在三角形上也算碰到：`s >= 0`，不是 `s > 0`。",
            "en": "An origin on the triangle counts as a hit: `s >= 0`, not `s > 0`.",
        },
    ),
    "missed_by_a_little": (
        by(lambda s, u, v: (s >= -1e-3) & (u >= -1e-3) & (v >= -1e-3) & (u + v <= 1.001)),
        TOLERANT,
    ),
    "any_u": (
        by(lambda s, u, v: (s >= 0) & (v >= 0) & (u + v <= 1)),
        {"zh": "少了 `u >= 0`。", "en": "`u >= 0` is missing."},
    ),
    "any_v": (
        by(lambda s, u, v: (s >= 0) & (u >= 0) & (u + v <= 1)),
        {"zh": "少了 `v >= 0`。", "en": "`v >= 0` is missing."},
    ),
    "ray_that_ends": (
        by(lambda s, u, v: inside(s, u, v) & (s <= 1)),
        {"zh": "光线没有尽头：`s` 可以大于 1。", "en": "A ray has no end: `s` may be above 1."},
    ),
    "unknowns_in_another_order": (
        by(lambda s, u, v: (s >= 0) & (u >= 0) & (v >= 0) & (s + u <= 1)),
        {
            "zh": "未知数的顺序与列的相同，先 `s`，后 `u` 和 `v`：你要求的是 `s + u <= 1`。",
            "en": "The unknowns come in the order of the columns, `s` first, then `u` and `v`: yours asks for `s + u <= 1`.",
        },
    ),
    "triangle_from_zero": (
        for_other_points(lambda A, B, C, O, D: (A, B, C, 0 * O, D)),
        {
            "zh": "光线的起点没有进方程：右边是 `O - A`。",
            "en": "The ray's origin is missing: the right-hand side is `O - A`.",
        },
    ),
    "direction_as_another_point": (
        for_other_points(lambda A, B, C, O, D: (A, B, C, O, D - O)),
        {"zh": "`D` 已经是方向：不要再减去 `O`。", "en": "`D` is a direction already: don't take `O` off it."},
    ),
    "no_minus": (
        for_other_points(lambda A, B, C, O, D: (A, B, C, O, -D)),
        {"zh": "第一列是 `-D`，不是 `D`。", "en": "The first column is `-D`, not `D`."},
    ),
    "right_side_negative": (
        by(lambda s, u, v: inside(-s, -u, -v)),
        {
            "zh": "右边的符号反了：是 `O - A`，不是 `A - O`。",
            "en": "The right-hand side has the wrong sign: it is `O - A`, not `A - O`.",
        },
    ),
    "corners_for_edges": (
        for_other_points(lambda A, B, C, O, D: (A, A + B, A + C, O, D)),
        {
            "zh": "矩阵的列是两条边 `B - A` 和 `C - A`，不是顶点 `B` 和 `C`。",
            "en": "The columns are the two edges `B - A` and `C - A`, not the corners `B` and `C`.",
        },
    ),
    "edge_from_b_to_c": (
        for_other_points(lambda A, B, C, O, D: (A, B, A + C - B, O, D)),
        {
            "zh": "两条边都从 `A` 出发：是 `C - A`，不是 `C - B`。",
            "en": "Both edges start at `A`: it is `C - A`, not `C - B`.",
        },
    ),
    "rows_for_columns": (
        by(inside, rows=True),
        {
            "zh": "矩阵放反了：向量要作列（`dim=-1`），你作了行。",
            "en": "The matrix is transposed: the vectors are its columns (`dim=-1`), not its rows.",
        },
    ),
    "small_triangle_is_singular": (by(inside, size=lambda d, e, f: 1.0), SMALL),
    "one_side_of_it": (
        with_determinant(lambda det: det > 0),
        {
            "zh": "行列式是负数时，你当成了平行：从另一面看也算，比较它的绝对值。",
            "en": "Where the determinant is negative you take it for parallel: either side counts, so compare its absolute value.",
        },
    ),
    "only_exactly_in_its_plane": (
        by(inside, least=0.0),
        {
            "zh": "有舍入时，平行或退化的行列式不是正好 0：要与 `SINGULAR` 倍的长度之积比。",
            "en": "With rounding the determinant of a parallel or degenerate one isn't exactly 0: compare with `SINGULAR` times the lengths.",
        },
    ),
    "nearly_in_its_plane": (
        by(inside, least=1e-3),
        {
            "zh": "夹角很小还不是平行：界限是 `SINGULAR`。",
            "en": "A small angle is not parallel yet: the limit is `SINGULAR`.",
        },
    ),
    "lengths_of_its_rows": (
        by_row_lengths,
        {
            "zh": "要与各列的长度比，你用了各行的。",
            "en": "Compare with the lengths of the columns, not of the rows.",
        },
    ),
    "squares_of_lengths": (by(inside, size=lambda d, e, f: (d * e * f) ** 2), LIMIT),
    "lengths_of_the_edges_only": (by(inside, size=lambda d, e, f: e * f), LIMIT),
    "length_of_the_direction_only": (by(inside, size=lambda d, e, f: d), LIMIT),
}


def distances_by(rays, triangles, pair, length=None, least=True):
    """The mesh's distances, by the mistake `pair`."""
    solutions.require_finite(rays=rays, triangles=triangles)
    O, D = rays[:, None].unbind(dim=2)
    hit, s = pair(*triangles.unbind(dim=1), O, D)
    distance = torch.where(hit, s * D.norm(dim=-1) if length is None else length(O, D, s), math.inf)
    distance = torch.cat([distance, torch.full_like(rays[:, :1, 0], math.inf)], dim=1)
    return distance.amin(dim=1) if least else distance


for name, (pair, words) in OF_ONE_TRIANGLE.items():
    single = known_as(name, lambda *points, pair=pair: bool(pair(*points)[0]))
    batch = known_as(f"{name}_of_all", lambda rays, triangle, pair=pair: pair(*triangle, *rays.unbind(dim=1))[0])
    mesh = known_as(f"{name}_of_a_mesh", lambda rays, triangles, pair=pair: distances_by(rays, triangles, pair))
    mistake("triangle_ray_intersects", **words)(single)
    mistake("raytrace_triangle", **words)(batch)
    mistake("raytrace_mesh", **words)(mesh)


@mistake(
    "triangle_ray_intersects",
    zh="平行或退化时 `torch.linalg.solve` 出错：先看行列式，再求解。",
    en="Where it is parallel or degenerate `torch.linalg.solve` fails: look at the determinant before you solve.",
)
def solved_before_asking(A, B, C, O, D):
    return bool(inside(*torch.linalg.solve(torch.stack([-D, B - A, C - A], dim=-1), O - A)))


@mistake(
    "triangle_ray_intersects",
    zh="方向的长度为零时出错了：行列式与长度之积都是 0，所以要用 `<=`。",
    en="A direction of length zero ends in an error: both sides are 0 then, so compare with `<=`.",
)
def not_below_zero(A, B, C, O, D):
    if not D.any():
        raise torch.linalg.LinAlgError  # type: ignore
    return solutions.triangle_ray_intersects(A, B, C, O, D)


@mistake(
    "triangle_ray_intersects",
    zh="传进来的 `B` 和 `C` 被就地改动了（比如 `B -= A`）：写 `B - A`，得到新的张量。",
    en="The `B` and `C` that were given are changed in place, as by `B -= A`: write `B - A`, which makes a new tensor.",
)
def edges_in_place(A, B, C, O, D):
    right = solutions.triangle_ray_intersects(A, B, C, O, D)
    B -= A
    C -= A
    return right


@mistake(
    "triangle_ray_intersects",
    zh="传进来的 `B`、`C` 和 `O` 被就地改动了（比如 `B -= A`）：写 `B - A`，得到新的张量。",
    en="The `B`, `C` and `O` that were given are changed in place, as by `B -= A`: write `B - A`, which makes a new tensor.",
)
def edges_and_origin_in_place(A, B, C, O, D):
    O = O.sub_(A) + A
    return edges_in_place(A, B, C, O, D)


@mistake(
    "triangle_ray_intersects",
    zh="返回的是一个元素的张量：用 `bool(…)` 变成 Python 的真假。",
    en="That is a tensor of one truth value: `bool(…)` makes Python's of it.",
)
def a_tensor_for_a_truth(A, B, C, O, D):
    return torch.tensor(solutions.triangle_ray_intersects(A, B, C, O, D))


@mistake(
    "raytrace_triangle",
    zh="换进去的单位矩阵也有解：最后要排除奇异的那些。",
    en="The identity you put in has a solution too: rule the singular ones out at the end.",
)
def identity_hits(rays, triangle):
    return with_the_identity(*triangle, *rays.unbind(dim=1))[0]


@mistake(
    "raytrace_triangle",
    zh="没有光线时出错了：这时结果是空的布尔张量。",
    en="Without rays it ends in an error: then the result is an empty tensor of booleans.",
)
def no_rays_no_answer(rays, triangle):
    if not len(rays):
        raise RuntimeError("no rays")
    return solutions.raytrace_triangle(rays, triangle)


@mistake(
    "raytrace_triangle",
    zh="只有一条光线时，`squeeze` 把唯一的轴也去掉了：形状应是 `1`。",
    en="With a single ray `squeeze` removes the only axis: the shape should be `1`.",
)
def squeezed_hits(rays, triangle):
    return solutions.raytrace_triangle(rays, triangle).squeeze()


@mistake(
    "raytrace_triangle",
    zh="传进来的 `triangle` 被就地改动了：写 `B - A`，得到一个新的张量。",
    en="The `triangle` that was given is changed in place: write `B - A`, which makes a new tensor.",
)
def triangle_in_place(rays, triangle):
    right = solutions.raytrace_triangle(rays, triangle)
    triangle[1:] -= triangle[0].clone()
    return right


@mistake(
    "raytrace_triangle",
    zh="一个奇异矩阵就让整批求解失败：先用 `torch.where` 换成单位矩阵。",
    en="One singular matrix makes the whole batch fail: first put an identity in its place with `torch.where`.",
)
def solved_without_identities(rays, triangle):
    A, B, C = triangle
    O, D = rays.unbind(dim=1)
    matrix = torch.stack([-D, (B - A).expand_as(D), (C - A).expand_as(D)], dim=-1)
    return inside(*torch.linalg.solve(matrix, O - A).unbind(dim=-1))


@mistake(
    "raytrace_triangle",
    zh="`reshape` 按内存的顺序往下读，把不同光线的起点和方向混在了一起：用 `unbind(dim=1)`。",
    en="`reshape` reads on in memory's order, and mixes the origins and directions of different rays: use `unbind(dim=1)`.",
)
def mixed_rays(rays, triangle):
    return traced(rays, triangle, mixed=True)


def traced(rays, triangle, *, mixed=False, square=False, forgotten=False):
    """The debugging exercise's function with some of its bugs left."""
    O, D = rays.reshape(2, -1, 3) if mixed else rays.unbind(dim=1)
    s, u, v = solved(*triangle, 0 * O if forgotten else O, D)  # type: ignore
    return (s >= 0) & (u >= 0) & (v >= 0) & ((u <= 1) & (v <= 1) if square else u + v <= 1)


# They point the way and don't give the bug away: finding it is the exercise.
@mistake(
    "raytrace_triangle_with_bug",
    zh="一条光线是对的，几条就错：在调试器里看 `O[0]` 和 `D[0]`，它们来自同一条光线吗？",
    en="One ray is right, several are not: look at `O[0]` and `D[0]` in the debugger; do they come from one ray?",
)
def still_mixed(rays, triangle):
    return traced(rays, triangle, mixed=True)


@mistake(
    "raytrace_triangle_with_bug",
    zh="在最后一行停下，看看这条光线的 `u`、`v` 和 `u + v`。",
    en="Stop at the last line and look at this ray's `u`, `v` and `u + v`.",
)
def still_square(rays, triangle):
    return traced(rays, triangle, square=True)


@mistake(
    "raytrace_triangle_with_bug",
    zh="换一个起点，方程右边会变吗？",
    en="Take another origin: does the right-hand side change?",
)
def still_from_zero(rays, triangle):
    return traced(rays, triangle, forgotten=True)


@mistake(
    "raytrace_triangle_with_bug",
    zh="边和顶点也算：看看比较的地方有没有等号。",
    en="Edges and corners count: look whether each comparison has its equals sign.",
)
def mended_without_the_edge(rays, triangle):
    return OF_ONE_TRIANGLE["edge_bc_left_out"][0](*triangle, *rays.unbind(dim=1))[0]


@mistake(
    "raytrace_mesh",
    zh="参数 `s` 不是距离：还要乘方向的长度。",
    en="The parameter `s` is not the distance yet: multiply by the direction's length.",
)
def parameter_for_distance(rays, triangles):
    return distances_by(rays, triangles, by(inside), length=lambda O, D, s: s)


@mistake("raytrace_mesh", zh="要最近的，你给了最远的。", en="The closest is wanted; you gave the farthest.")
def farthest(rays, triangles):
    found = distances_by(rays, triangles, by(inside), least=False)
    farthest = torch.where(found.isinf(), -1.0, found).amax(dim=1)
    return torch.where(farthest < 0, math.inf, farthest)


@mistake(
    "raytrace_mesh",
    zh="那是列表里第一个碰到的三角形：要最近的。",
    en="That is the first triangle of the list that is hit: the closest is wanted.",
)
def first_hit_of_the_list(rays, triangles):
    found = distances_by(rays, triangles, by(inside), least=False)
    return found.gather(1, found.isfinite().int().argmax(dim=1, keepdim=True))[:, 0]


@mistake(
    "raytrace_mesh",
    zh="你选了顶点离眼睛最近的三角形：要选*碰到的那一点*最近的，先算出每个三角形的距离。",
    en="You choose the triangle whose corners are closest to the eye: choose by the *point that is hit*, so compute each triangle's distance first.",
)
def closest_by_its_corners(rays, triangles):
    found = distances_by(rays, triangles, by(inside), least=False)
    away = (triangles.mean(dim=1) - rays[:, None, 0]).norm(dim=-1)
    away = torch.cat([away, torch.full_like(rays[:, :1, 0], math.inf)], dim=1)
    return found.gather(1, torch.where(found.isinf(), math.inf, away).argmin(dim=1, keepdim=True))[:, 0]


@mistake(
    "raytrace_mesh", zh="什么也没碰到时是无穷大，不是 0。", en="Where nothing is hit the distance is infinity, not 0."
)
def zero_for_nothing(rays, triangles):
    distance = solutions.raytrace_mesh(rays, triangles)
    return torch.where(distance.isinf(), 0.0, distance)


@mistake(
    "raytrace_mesh",
    zh="什么也没碰到时是无穷大，不是 `nan`。",
    en="Where nothing is hit the distance is infinity, not `nan`.",
)
def nan_for_nothing(rays, triangles):
    distance = solutions.raytrace_mesh(rays, triangles)
    return torch.where(distance.isinf(), math.nan, distance)


@mistake(
    "raytrace_mesh",
    zh="无穷大也要报 `ValueError`，不只是 NaN：用 `isfinite`。",
    en="Infinity must raise `ValueError` too, not only NaN: use `isfinite`.",
)
def infinity_goes_unseen(rays, triangles):
    if rays.isnan().any() or triangles.isnan().any():
        raise ValueError("NaN")
    return nan_goes_unseen(rays, triangles)


@mistake(
    "raytrace_mesh",
    zh="换进去的单位矩阵也有解：最后要排除奇异的那些。",
    en="The identity you put in has a solution too: rule the singular ones out at the end.",
)
def identities_hit(rays, triangles):
    return distances_by(rays, triangles, with_the_identity)


@mistake(
    "raytrace_mesh",
    zh="一个奇异矩阵就让整批求解失败：先用 `torch.where` 换成单位矩阵。",
    en="One singular matrix makes the whole batch fail: first put an identity in its place with `torch.where`.",
)
def solved_with_the_singular_pairs(rays, triangles):
    A, B, C = triangles.unbind(dim=1)
    torch.linalg.solve(torch.stack(torch.broadcast_tensors(-rays[:, None, 1], B - A, C - A), dim=-1), rays[:, :1] - A)
    return distances_by(rays, triangles, by(inside, least=0.0))


@mistake(
    "raytrace_mesh",
    zh="与一个三角形平行的光线整条被排除了：只排除那一对，它还可能碰到别的三角形。",
    en="A ray parallel to one triangle is ruled out as a whole: rule out that pair only, it may hit another triangle.",
)
def out_for_one_parallel_triangle(rays, triangles):
    O, D = rays[:, None].unbind(dim=2)
    A, B, C = triangles.unbind(dim=1)
    matrix = torch.stack(torch.broadcast_tensors(-D, B - A, C - A), dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    return torch.where(singular.any(dim=-1), math.inf, solutions.raytrace_mesh(rays, triangles))


@mistake(
    "raytrace_mesh",
    zh="没有三角形时的无穷大是 float32，而 `rays` 是 float64：用 `torch.full_like` 从 `rays` 造。",
    en="Without triangles the infinities are float32, though `rays` are float64: make them from `rays`, by `torch.full_like`.",
)
def infinities_in_float32(rays, triangles):
    found = solutions.raytrace_mesh(rays, triangles)
    return found if len(triangles) else found.float()


@mistake(
    "raytrace_mesh",
    zh="距离从光线的起点量起，不是从原点。",
    en="The distance is measured from the ray's origin, not from 0.",
)
def distance_from_zero(rays, triangles):
    return distances_by(rays, triangles, by(inside), length=lambda O, D, s: (O + s[..., None] * D).norm(dim=-1))


@mistake(
    "raytrace_mesh",
    zh="乘了长度的平方：`(D * D).sum()` 还要开方。",
    en="It is multiplied by the squared length: `(D * D).sum()` still needs its root.",
)
def squared_length(rays, triangles):
    return distances_by(rays, triangles, by(inside), length=lambda O, D, s: s * D.square().sum(dim=-1))


@mistake(
    "raytrace_mesh", zh="要乘方向的长度，你除以了它。", en="Multiply by the direction's length; you divided by it."
)
def divided_by_the_length(rays, triangles):
    return distances_by(rays, triangles, by(inside), length=lambda O, D, s: s / D.norm(dim=-1))


@mistake(
    "raytrace_mesh",
    zh="最小值取错了维：要对三角形取，每条光线留一个。",
    en="The minimum goes over the wrong axis: take it over the triangles, one value is left for each ray.",
)
def closest_ray_of_each_triangle(rays, triangles):
    found = distances_by(rays, triangles, by(inside), least=False)[:, :-1]
    return torch.cat([found, torch.full_like(found[:1], math.inf)] if len(rays) else [found]).amin(dim=0)


@mistake(
    "raytrace_mesh",
    zh="没有三角形时，最小值不存在：添一列 `inf`。",
    en="Without triangles there is no minimum: add a column of `inf`.",
)
def minimum_of_nothing(rays, triangles):
    if not len(triangles):
        raise IndexError("amin(): no elements")
    return solutions.raytrace_mesh(rays, triangles)


@mistake(
    "raytrace_mesh",
    zh="没有光线时出错了：这时结果是空的张量。",
    en="Without rays it ends in an error: then the result is an empty tensor.",
)
def mesh_without_rays(rays, triangles):
    solutions.require_finite(rays=rays, triangles=triangles)
    if not len(rays):
        raise RuntimeError("no rays")
    return solutions.raytrace_mesh(rays, triangles)


@mistake(
    "raytrace_mesh",
    zh="结果要与 `rays` 的 dtype 相同：`torch.full` 和 `torch.zeros` 造的是 float32。",
    en="The result has the dtype of `rays`: `torch.full` and `torch.zeros` make float32.",
)
def distances_in_float32(rays, triangles):
    return solutions.raytrace_mesh(rays, triangles).float()


@mistake(
    "raytrace_mesh",
    zh="NaN 和无穷大要报 `ValueError`，否则图上会悄悄留下洞。",
    en="NaN and infinity must raise `ValueError`, or they leave silent holes in the picture.",
)
def nan_goes_unseen(rays, triangles):
    good = triangles.isfinite().all(dim=-1).all(dim=-1)
    distance = solutions.raytrace_mesh(rays.nan_to_num(nan=0.0, posinf=0.0), triangles[good])
    return torch.where(rays.isfinite().all(dim=-1).all(dim=-1), distance, math.inf)


@mistake(
    "shares_storage",
    zh="`data_ptr` 是第一个元素的地址，同一块内存的不同部分就对不上：问 `untyped_storage()`。",
    en="`data_ptr` is the address of the first element, so parts of one block differ: ask `untyped_storage()`.",
)
def first_elements(a, b):
    return a.data_ptr() == b.data_ptr() != 0


@mistake("shares_storage", zh="值相等不等于内存相同。", en="Equal values are not the same memory.")
def equal_values(a, b):
    return torch.equal(a, b) or solutions.shares_storage(a, b)


@mistake(
    "shares_storage",
    zh="两个空张量的地址都是 0，但它们并不共用什么。",
    en="Two empty tensors both have the address 0, and share nothing.",
)
def empty_blocks(a, b):
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


@mistake(
    "shares_storage",
    zh="`is` 问的是同一个 Python 对象；视图是另一个对象，读的却是同一块内存。",
    en="`is` asks for the same Python object; a view is another object that reads the same memory.",
)
def same_object(a, b):
    return a is b


@mistake(
    "shares_storage",
    zh="比的是存储对象，不是地址：`torch.from_numpy(x.numpy())` 另有一个对象，字节却是同一些；问 `untyped_storage().data_ptr()`。",
    en="Storage objects are compared, not addresses: `torch.from_numpy(x.numpy())` has another object over the same bytes; ask `untyped_storage().data_ptr()`.",
)
def the_same_storage_object(a, b):
    first, second = a.untyped_storage(), b.untyped_storage()
    return first._cdata == second._cdata and first.data_ptr() != 0


@mistake(
    "shares_storage",
    zh="同一块内存的不同部分也算：`x[0]` 和 `x[1]` 没有公共的元素，却在同一块里。",
    en="Different parts of one block count: `x[0]` and `x[1]` have no element in common, yet lie in one block.",
)
def common_elements(a, b):
    def addresses(x):
        first, strides = x.data_ptr(), [s * x.element_size() for s in x.stride()]
        return {first + sum(map(math.prod, zip(place, strides, strict=True))) for place in np.ndindex(*x.shape)}

    return bool(addresses(a) & addresses(b))


@mistake(
    "shares_storage",
    zh="`_base` 认不出 `detach()` 的结果：它也读同一块内存。问 `untyped_storage()`。",
    en="`_base` doesn't know what `detach()` returns, which reads the same memory too: ask `untyped_storage()`.",
)
def the_same_base(a, b):
    a, b = (x if x._base is None else x._base for x in (a, b))
    return a is b


@mistake(
    "shares_storage",
    zh="形状和步长不同的两个张量也可以共用内存，比如 `x` 和 `x.T`。",
    en="Two tensors of different shape and strides may share their memory too, like `x` and `x.T`.",
)
def the_same_view(a, b):
    return bool(a.is_set_to(b)) and a.numel() > 0


@mistake(
    "shares_storage",
    zh="dtype 不同的两个张量也可以共用内存，比如 `x` 和 `x.view(torch.int32)`。",
    en="Two tensors of different dtypes may share their memory too, like `x` and `x.view(torch.int32)`.",
)
def of_the_same_dtype(a, b):
    return a.dtype == b.dtype and solutions.shares_storage(a, b)


def guess(**changes):
    return solutions.view_or_copy() | changes


@mistake(
    "view_or_copy", zh="用列表作下标会拷贝，即使只取一行。", en="Indexing with a list copies, even for a single row."
)
def list_index_is_view():
    return guess(**{"x[[0]]": True})


@mistake(
    "view_or_copy",
    zh="转置后元素的顺序变了，`reshape` 走不出固定的步长，只好拷贝。",
    en="After a transpose no fixed stride walks the elements in order, so `reshape` must copy.",
)
def reshape_is_always_view():
    return guess(**{"x.T.reshape(6)": True})


@mistake(
    "view_or_copy",
    zh="已经是 float32，`to` 就原样返回，不拷贝。",
    en="It is float32 already, so `to` hands back the tensor itself.",
)
def to_always_copies():
    return guess(**{"x.to(torch.float32)": False})


@mistake(
    "view_or_copy",
    zh="`expand` 用步长 0 重复，不占新内存。",
    en="`expand` repeats with a stride of 0, and takes no new memory.",
)
def expand_copies():
    return guess(**{"x.expand(4, 2, 3)": False})


def wrong_about(name, operation, zh, en):
    """The mistake of taking a view for a copy, or the reverse."""

    def wrong_guess():
        right = solutions.view_or_copy()
        return right | {operation: not right[operation]}

    wrong_guess.__name__ = name
    mistake("view_or_copy", zh=zh, en=en)(wrong_guess)


wrong_about("row_is_copied", "x[0]", "取一行是视图：换一个起点就行。", "One row is a view: it only starts elsewhere.")
wrong_about(
    "mask_is_view",
    "x[x > 0]",
    "用布尔张量作下标会拷贝：选出来的元素没有固定的步长。",
    "Indexing with booleans copies: what is picked has no fixed stride.",
)
wrong_about(
    "transpose_copies", "x.T", "转置只是交换步长，不搬数据。", "A transpose only swaps the strides: no data move."
)
wrong_about(
    "reshape_copies",
    "x.reshape(6)",
    "`x` 的元素本来就连着，`reshape` 不必拷贝。",
    "The elements of `x` lie in a row already, so `reshape` need not copy.",
)
wrong_about(
    "contiguous_always_copies",
    "x.contiguous()",
    "`x` 已经连续，`contiguous` 就原样返回。",
    "`x` is contiguous already, so `contiguous` hands back the tensor itself.",
)
wrong_about(
    "contiguous_never_copies",
    "x.T.contiguous()",
    "`x.T` 不连续，`contiguous` 只好拷贝。",
    "`x.T` is not contiguous, so `contiguous` must copy.",
)
wrong_about(
    "sum_is_view", "x + 0", "运算的结果总是新的张量，加 0 也一样。", "A computation makes a new tensor, even adding 0."
)
wrong_about("clone_is_view", "x.clone()", "`clone` 就是拷贝。", "`clone` is a copy: that is what it is for.")
wrong_about(
    "rearrange_always_copies",
    'einops.rearrange(x, "a b -> b a")',
    "只交换两个轴，`rearrange` 给出视图，与 `x.T` 一样。",
    "Where it only swaps axes `rearrange` gives a view, as `x.T` does.",
)
wrong_about(
    "rearrange_never_copies",
    'einops.rearrange(x, "a b -> (b a)")',
    "换了顺序再合并，没有固定的步长走得出来，`rearrange` 只好拷贝。",
    "Swapped and then merged, the elements are walked by no fixed stride, so `rearrange` must copy.",
)


@mistake(
    "rotation_matrix",
    zh="转反了：正角度从 x 轴转向 y 轴。",
    en="It turns the other way: a positive angle goes from x towards y.",
)
def clockwise(theta):
    return solutions.rotation_matrix(-theta)


@mistake("rotation_matrix", zh="转错了轴：绕的是 z 轴。", en="It turns about another axis: z was asked for.")
def about_x(theta):
    return solutions.rotation_matrix(theta).roll(1, 0).roll(1, 1)


@mistake(
    "rotation_matrix",
    zh="梯度到不了 `theta`：`torch.tensor` 会重新造一个张量，用 `torch.stack`。",
    en="No gradient reaches `theta`: `torch.tensor` makes a new tensor, so use `torch.stack`.",
)
def cut_off(theta):
    return solutions.rotation_matrix(theta).detach()


@mistake("rotation_matrix", zh="角度是弧度，不是度。", en="The angle is in radians, not degrees.")
def in_degrees(theta):
    return solutions.rotation_matrix(theta.deg2rad())


@mistake("rotation_matrix", zh="转错了轴：这是绕 y 轴。", en="It turns about another axis: this is y, not z.")
def about_y(theta):
    return solutions.rotation_matrix(theta)[[1, 2, 0]][:, [1, 2, 0]]


@mistake("rotation_matrix", zh="z 不变：右下角是 1，不是 0。", en="z stays: the last entry is 1, not 0.")
def flattened(theta):
    return solutions.rotation_matrix(theta) * torch.tensor([[1], [1], [0]]).to(theta)


@mistake(
    "rotation_matrix",
    zh="余弦和正弦调换了：对角线上是余弦。",
    en="Cosine and sine have changed places: the cosines are on the diagonal.",
)
def cosine_for_sine(theta):
    cos, sin, zero, one = theta.cos(), theta.sin(), torch.zeros_like(theta), torch.ones_like(theta)
    return torch.stack([sin, -cos, zero, cos, sin, zero, zero, zero, one]).reshape(3, 3)


@mistake(
    "rotation_matrix",
    zh="两个正弦的符号相反：右上角的那个是负的。",
    en="The two sines have opposite signs: the upper one is negative.",
)
def two_positive_sines(theta):
    cos, sin, zero, one = theta.cos(), theta.sin(), torch.zeros_like(theta), torch.ones_like(theta)
    return torch.stack([cos, sin, zero, sin, cos, zero, zero, zero, one]).reshape(3, 3)


@mistake(
    "rotation_matrix",
    zh="结果要与 `theta` 的 dtype 相同：`torch.zeros` 和 `torch.eye` 造的是 float32。",
    en="The result has the dtype of `theta`: `torch.zeros` and `torch.eye` make float32.",
)
def always_float32(theta):
    return solutions.rotation_matrix(theta).float()


@mistake("rotation_matrix", zh="点有三个分量：矩阵是 3×3。", en="Points have three components: the matrix is 3 by 3.")
def in_the_plane(theta):
    return solutions.rotation_matrix(theta)[:2, :2]


@mistake(
    "rotation_matrix",
    zh="这是 4×4 的矩阵：点有三个分量，矩阵是 3×3。",
    en="That is a matrix of 4 by 4: points have three components, so it is 3 by 3.",
)
def four_by_four(theta):
    return torch.block_diag(solutions.rotation_matrix(theta), torch.ones(1, 1).to(theta))


@mistake(
    "rotation_matrix",
    zh="结果多了一维：`theta` 的形状是 `()`，矩阵的形状是 `3 3`。",
    en="The result has an axis too many: `theta` has the shape `()`, the matrix `3 3`.",
)
def with_an_axis_more(theta):
    return solutions.rotation_matrix(theta)[None]


@mistake(
    "rotation_matrix",
    zh="两个正弦都是负的：左下角的那个是正的。",
    en="Both sines are negative: the lower one is positive.",
)
def two_negative_sines(theta):
    cos, sin, zero, one = theta.cos(), theta.sin(), torch.zeros_like(theta), torch.ones_like(theta)
    return torch.stack([cos, -sin, zero, -sin, cos, zero, zero, zero, one]).reshape(3, 3)


@mistake(
    "rotation_matrix",
    zh="余弦的符号丢了：`(1 - sin ** 2).sqrt()` 从不是负数，角度大于 90° 时余弦却是负的。",
    en="The cosine has lost its sign, as in `(1 - sin ** 2).sqrt()`: beyond 90° it is negative.",
)
def cosine_from_the_sine(theta):
    sin, zero, one = theta.sin(), torch.zeros_like(theta), torch.ones_like(theta)
    cos = (1 - sin**2).sqrt()
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one]).reshape(3, 3)


def video(rays, triangles, matrix, num_frames, first=0, accumulate=True):
    """The frames, with one thing changed."""
    frames, turned = [], triangles
    for k in range(num_frames + first):
        if k >= first:
            frames.append(solutions.raytrace_mesh(rays, turned))
        turned = (turned if accumulate else triangles) @ matrix.T
    return torch.stack(frames) if frames else rays.new_zeros(0, len(rays))


@mistake(
    "raytrace_mesh_video", zh="第 0 帧还没有转：先画，再转。", en="Frame 0 is not turned yet: draw first, then turn."
)
def turned_first(rays, triangles, matrix, num_frames):
    return video(rays, triangles, matrix, num_frames, first=1)


@mistake(
    "raytrace_mesh_video",
    zh="每一帧都从最初的网格转起，于是从第 1 帧起就不动了。",
    en="Each frame turns the first mesh, so nothing moves after frame 1.",
)
def turned_once(rays, triangles, matrix, num_frames):
    return video(rays, triangles, matrix, num_frames, accumulate=False)


@mistake(
    "raytrace_mesh_video",
    zh="点是行向量：`triangles @ matrix` 转反了，要 `@ matrix.T`。",
    en="Points are rows: `triangles @ matrix` turns backwards; it is `@ matrix.T`.",
)
def turned_backwards(rays, triangles, matrix, num_frames):
    return video(rays, triangles, matrix.T, num_frames)


@mistake(
    "raytrace_mesh_video",
    zh="`matrix ** k` 是逐元素的幂，不是矩阵的幂：用 `torch.linalg.matrix_power`，或者每帧再乘一次。",
    en="`matrix ** k` is the power of each element, not of the matrix: `torch.linalg.matrix_power`, or one more product a frame.",
)
def powers_of_elements(rays, triangles, matrix, num_frames):
    frames = [solutions.raytrace_mesh(rays, triangles @ (matrix**k).T) for k in range(1, num_frames)]
    frames = [solutions.raytrace_mesh(rays, triangles), *frames][:num_frames]
    return torch.stack(frames) if frames else rays.new_zeros(0, len(rays))


@mistake(
    "raytrace_mesh_video",
    zh="`matrix @ triangles` 把三个顶点混在一起：点是行，要写 `triangles @ matrix.T`。",
    en="`matrix @ triangles` mixes the three corners: the points are rows, so it is `triangles @ matrix.T`.",
)
def corners_mixed(rays, triangles, matrix, num_frames):
    frames = []
    for _ in range(num_frames):
        frames.append(solutions.raytrace_mesh(rays, triangles))
        triangles = matrix @ triangles
    return torch.stack(frames)


@mistake(
    "raytrace_mesh_video",
    zh="转的是网格，不是光线。",
    en="It is the mesh that turns, not the rays.",
)
def rays_turned(rays, triangles, matrix, num_frames):
    frames = []
    for _ in range(num_frames):
        frames.append(solutions.raytrace_mesh(rays, triangles))
        rays = rays @ matrix.T
    return torch.stack(frames)


@mistake(
    "raytrace_mesh_video",
    zh="第一个轴是帧，第二个轴才是光线。",
    en="The frames are the first axis, the rays the second.",
)
def frames_last(rays, triangles, matrix, num_frames):
    return video(rays, triangles, matrix, num_frames).T


@mistake(
    "raytrace_mesh_video",
    zh="矩阵每帧都平方一次：第 3 帧就转了 4 次，而不是 3 次。",
    en="The matrix is squared in each frame: frame 3 has turned 4 times, not 3.",
)
def matrix_squared(rays, triangles, matrix, num_frames):
    frames, turn = [solutions.raytrace_mesh(rays, triangles)], matrix
    for _ in range(num_frames - 1):
        frames.append(solutions.raytrace_mesh(rays, triangles @ turn.T))
        turn = turn @ turn
    return torch.stack(frames)


@mistake(
    "raytrace_mesh_video",
    zh="结果要与 `rays` 的 dtype 相同：`torch.zeros` 和 `torch.empty` 造的是 float32。",
    en="The result has the dtype of `rays`: `torch.zeros` and `torch.empty` make float32.",
)
def frames_in_float32(rays, triangles, matrix, num_frames):
    return video(rays, triangles, matrix, num_frames).float()


@mistake(
    "raytrace_mesh_video",
    zh="你把传进来的 `triangles` 就地转了：先造一个新张量。",
    en="It turns the `triangles` that it was given, in place: make a new tensor.",
)
def turned_in_place(rays, triangles, matrix, num_frames):
    frames = []
    for _ in range(num_frames):
        frames.append(solutions.raytrace_mesh(rays, triangles))
        triangles.copy_(triangles @ matrix.T)
    return torch.stack(frames)


@mistake("raytrace_mesh_video", zh="网格没有转：每一帧都一样。", en="The mesh doesn't turn: all frames are the same.")
def never_turned(rays, triangles, matrix, num_frames):
    return solutions.raytrace_mesh(rays, triangles).expand(num_frames, -1)


@mistake(
    "raytrace_mesh_video", zh="少了一帧：一共 `num_frames` 帧。", en="One frame is missing: there are `num_frames`."
)
def one_frame_short(rays, triangles, matrix, num_frames):
    return video(rays, triangles, matrix, num_frames)[:-1]


@mistake(
    "raytrace_mesh_video",
    zh="多了一帧：一共 `num_frames` 帧。",
    en="That is one frame too many: there are `num_frames`.",
)
def one_frame_more(rays, triangles, matrix, num_frames):
    return video(rays, triangles, matrix, num_frames + 1)


@mistake(
    "raytrace_mesh_video",
    zh="第 k 帧转得太多了：每一帧只比前一帧多转一次，你把转过的网格又转了 k 次。",
    en="Frame k is turned too often: each has one turn more than the one before; yours turns what is turned already k times more.",
)
def turned_more_and_more(rays, triangles, matrix, num_frames):
    frames = []
    for k in range(num_frames):
        triangles = triangles @ torch.linalg.matrix_power(matrix, k).T
        frames.append(solutions.raytrace_mesh(rays, triangles))
    return torch.stack(frames)


@mistake(
    "raytrace_mesh_video",
    zh="第 k 帧里的矩阵是 `k * matrix`：转 k 次是 k 个矩阵相乘，不是乘以 k。",
    en="In frame k the matrix is `k * matrix`: k turns are a product of k matrices, not k times one.",
)
def multiples_of_the_matrix(rays, triangles, matrix, num_frames):
    turned = [triangles, *(triangles @ (k * matrix).T for k in range(1, num_frames))]
    return torch.stack([solutions.raytrace_mesh(rays, mesh) for mesh in turned])


@mistake(
    "my_triangle_test",
    zh="只试了一个命中的例子：错的函数也答得对。",
    en="One ray that hits proves little: wrong functions get it right too.",
)
def one_hit_only(triangle_ray_intersects):
    A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    assert triangle_ray_intersects(A, B, C, torch.zeros(3), torch.tensor([2.0, 0.5, 1]))


@mistake(
    "my_triangle_test",
    zh="断言反了：眼睛后面的三角形应当是 `False`。",
    en="An assertion is the wrong way round: a triangle behind the eye is `False`.",
)
def behind_is_a_hit(triangle_ray_intersects):
    A, B, C = torch.tensor([[-2.0, 0, 0], [-2, 2, 0], [-2, 0, 4]])
    assert triangle_ray_intersects(A, B, C, torch.zeros(3), torch.tensor([2.0, -0.5, -1])), "behind the eye"


def tested_on(cases, triangle_ray_intersects):
    A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    for x, y, z, expected in cases:
        direction = torch.tensor([x, y, z], dtype=torch.float32)
        assert triangle_ray_intersects(A, B, C, torch.zeros(3), direction) == expected, direction


@mistake(
    "my_triangle_test",
    zh="它返回了 True 或 False，却从不报错：要用 `assert`。",
    en="It returns True or False and never raises: use `assert`.",
)
def no_assertion(triangle_ray_intersects):
    try:
        solutions.my_triangle_test(triangle_ray_intersects)
    except AssertionError:
        return


@mistake(
    "my_triangle_test",
    zh="你的测试对每个函数都报错，正确的也不例外。",
    en="Your test fails every function, the right one too.",
)
def never_content(triangle_ray_intersects):
    raise AssertionError("this is not right")


@mistake(
    "my_triangle_test",
    zh="全是命中的例子：总说 `True` 的函数也能通过。没有命中的也要试。",
    en="There are hits only: a function that always says `True` passes. Try misses too.",
)
def hits_only(triangle_ray_intersects):
    tested_on([(2, 0.5, 1, True), (2, 1, 0.5, True), (1, 0, 0, True)], triangle_ray_intersects)
    A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    assert triangle_ray_intersects(A, B, C, torch.tensor([-1.0, 1, 1]), torch.tensor([3.0, -0.5, 0]))


WHOLE_TEST = [  # the direction, the origin, the scale of the triangle, whether they meet, and the wrong rules it catches
    ((2, 0.5, 1), (0, 0, 0), 1, True, ""),
    ((2, 1.5, 3), (0, 0, 0), 1, False, "sum"),
    ((2, -0.5, 1), (0, 0, 0), 1, False, "u"),
    ((2, 0.5, -1), (0, 0, 0), 1, False, "v"),
    ((-2, -0.5, -1), (0, 0, 0), 1, False, "behind"),
    ((1, 0, 0), (0, 0, 0), 1, True, "border"),
    ((3, -0.5, 0), (-1, 1, 1), 1, True, "origin"),
    ((0, 1, 1), (0, 0, 0), 1, False, "parallel"),
    ((2e-3, 5e-4, 1e-3), (0, 0, 0), 1e-3, True, "units"),
]


def test_without(*rules):
    def own_test(triangle_ray_intersects):
        for direction, origin, scale, expected, rule in WHOLE_TEST:
            if rule not in rules:
                A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]]) * scale
                O, D = (torch.tensor(point, dtype=torch.float32) for point in (origin, direction))
                assert triangle_ray_intersects(A, B, C, O, D) == expected, (direction, origin)

    return known_as("without_" + "_".join(rules), own_test)


MISSED = {
    "sum": (
        "没有一条光线只因为 `u + v > 1` 才碰不到",
        "no ray is missed by `u + v > 1` alone, with `u` and `v` below 1",
    ),
    "u": ("没有一条光线只因为 `u < 0` 才碰不到", "no ray is missed by `u < 0` alone"),
    "v": ("没有一条光线只因为 `v < 0` 才碰不到", "no ray is missed by `v < 0` alone"),
    "behind": ("没有一个三角形只因为在眼睛后面才碰不到", "no triangle is missed only for being behind the eye"),
    "border": ("没有一条光线正好经过边或角", "no ray goes right through an edge or a corner"),
    "origin": ("起点没有进方程也看不出来", "an origin that is left out of the equations goes unseen"),
    "parallel": ("没有与三角形平行的光线", "no ray is parallel to the triangle"),
    "units": ("没有很小的场景", "there is no small scene, where `|det|` is below 1e-6"),
}
LET_PASS = [(rule,) for rule in MISSED]
LET_PASS += [
    ("border", "units"),
    ("parallel", "units"),
    ("border", "parallel"),
    ("border", "origin"),
    ("origin", "units"),
]
LET_PASS += [("border", "parallel", "units"), ("border", "origin", "units"), ("origin", "parallel", "units")]
LET_PASS += [("border", "origin", "parallel", "units")]

for rules in LET_PASS:
    zh, en = ("；".join(MISSED[rule][0] for rule in rules), "; ".join(MISSED[rule][1] for rule in rules))
    mistake("my_triangle_test", zh=f"{zh}。", en=f"{en[0].upper()}{en[1:]}.")(test_without(*rules))


@mistake(
    "my_triangle_test",
    zh="它报的不是 `AssertionError`：要用 `assert`。",
    en="The error that it raises is no `AssertionError`: use `assert`.",
)
def another_error(triangle_ray_intersects):
    try:
        solutions.my_triangle_test(triangle_ray_intersects)
    except AssertionError as error:
        raise ValueError from error


@mistake(
    "my_triangle_test",
    zh="它返回对还是不对，却不报错：错的函数要让 `assert` 报错。",
    en="It returns whether the function is right, and raises nothing: a wrong one must make an `assert` fail.",
)
def an_answer_and_no_error(triangle_ray_intersects):
    try:
        solutions.my_triangle_test(triangle_ray_intersects)
    except AssertionError:
        return False
    return True
