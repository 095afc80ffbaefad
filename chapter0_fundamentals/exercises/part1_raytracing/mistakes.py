"""The wrong answers of day 1, each explained in a sentence."""

import math

import einops
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


def solved_1d(ray, segment):
    (O, D), (L1, L2) = ray[:, :2], segment[:, :2]
    matrix = torch.stack([D, L1 - L2], dim=-1)
    if matrix.det().abs() <= SINGULAR * matrix.norm(dim=0).prod():
        return None
    return torch.linalg.solve(matrix, L1 - O).tolist()


@mistake(
    "intersect_ray_1d",
    zh="你把光线当成了直线：还要 `u >= 0`。",
    en="You took the ray for a line: `u >= 0` is needed too.",
)
def ray_as_line(ray, segment):
    solution = solved_1d(ray, segment)
    return solution is not None and 0 <= solution[1] <= 1


@mistake(
    "intersect_ray_1d",
    zh="你把线段当成了直线：还要 `0 <= v <= 1`。",
    en="You took the segment for a line: `0 <= v <= 1` is needed too.",
)
def segment_as_line(ray, segment):
    solution = solved_1d(ray, segment)
    return solution is not None and solution[0] >= 0


@mistake(
    "intersect_ray_1d",
    zh="线段的另一头没有管：还要 `v <= 1`。",
    en="The segment's far end is open: `v <= 1` is needed too.",
)
def open_far_end(ray, segment):
    solution = solved_1d(ray, segment)
    return solution is not None and solution[0] >= 0 and solution[1] >= 0


@mistake(
    "intersect_ray_1d", zh="线段的端点也算：用 `<=`，不用 `<`。", en="The segment's end points count: `<=`, not `<`."
)
def without_end_points(ray, segment):
    solution = solved_1d(ray, segment)
    return solution is not None and solution[0] >= 0 and 0 < solution[1] < 1


@mistake(
    "intersect_ray_1d",
    zh="光线的起点没有进方程：右边是 `L1 - O`。",
    en="The ray's origin is missing: the right-hand side is `L1 - O`.",
)
def from_zero(ray, segment):
    return solutions.intersect_ray_1d(ray * torch.tensor([[0.0], [1.0]]).to(ray), segment)


@mistake(
    "intersect_ray_1d",
    zh="光线没有在屏幕处结束，也不是从屏幕开始：`u` 只需要 `>= 0`。",
    en="A ray does not begin at the screen: `u >= 0` is all, `u >= 1` is too much.",
)
def from_the_screen(ray, segment):
    solution = solved_1d(ray, segment)
    return solution is not None and solution[0] >= 1 and 0 <= solution[1] <= 1


@mistake(
    "intersect_ray_1d",
    zh="小不等于奇异：行列式要与各列的长度比。",
    en="Small is not singular: compare the determinant with the columns' lengths.",
)
def small_is_singular(ray, segment):
    (_, D), (L1, L2) = ray[:, :2], segment[:, :2]
    return bool(torch.stack([D, L1 - L2], dim=-1).det().abs() > 1e-5) and solutions.intersect_ray_1d(ray, segment)


@mistake(
    "intersect_ray_1d",
    zh="行列式可以是负的：比较它的绝对值。",
    en="A determinant may be negative: compare its absolute value.",
)
def signed_determinant(ray, segment):
    (_, D), (L1, L2) = ray[:, :2], segment[:, :2]
    return bool(torch.stack([D, L1 - L2], dim=-1).det() > 0) and solutions.intersect_ray_1d(ray, segment)


def each_pair(rays, segments, function):
    pairs = [[function(ray, segment) for segment in segments] for ray in rays]
    return torch.tensor(pairs, dtype=torch.bool).reshape(len(rays), len(segments))


@mistake(
    "intersect_rays_1d", zh="“任意一条”是 `any`，你用了 `all`。", en='"Any of the segments" is `any`; you used `all`.'
)
def all_segments(rays, segments):
    return each_pair(rays, segments, solutions.intersect_ray_1d).all(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="你把光线当成了直线：还要 `u >= 0`。",
    en="You took the rays for lines: `u >= 0` is needed too.",
)
def rays_as_lines(rays, segments):
    return each_pair(rays, segments, ray_as_line).any(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="你把线段当成了直线：还要 `0 <= v <= 1`。",
    en="You took the segments for lines: `0 <= v <= 1` is needed too.",
)
def segments_as_lines(rays, segments):
    return each_pair(rays, segments, segment_as_line).any(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="换进去的单位矩阵也有解：最后要排除奇异的那些。",
    en="The identity you put in has a solution too: rule the singular ones out at the end.",
)
def identity_counts(rays, segments):
    def pair(ray, segment):
        solution = solved_1d(ray, segment)
        u, v = (segment[0] - ray[0])[:2].tolist() if solution is None else solution
        return u >= 0 and 0 <= v <= 1

    return each_pair(rays, segments, pair).any(dim=-1)


@mistake(
    "intersect_rays_1d",
    zh="`any` 取错了维：要对线段取，每条光线留一个值。",
    en="`any` over the wrong axis: reduce over the segments, and keep a value for each ray.",
)
def any_over_rays(rays, segments):
    return each_pair(rays, segments, solutions.intersect_ray_1d).any(dim=0)


@mistake(
    "make_rays_2d", zh="次序反了：`z` 变得快，`y` 变得慢。", en="The order is the other one: `z` runs fast, `y` slowly."
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


def solved(A, B, C, O, D):
    matrix = torch.stack([-D, B - A, C - A], dim=-1)
    if matrix.det().abs() <= SINGULAR * matrix.norm(dim=0).prod():
        return None
    return torch.linalg.solve(matrix, O - A).tolist()


PARALLELOGRAM = {
    "zh": "少了 `u + v <= 1`：你测的是平行四边形。",
    "en": "`u + v <= 1` is missing: you test a parallelogram.",
}
BEHIND = {
    "zh": "少了 `s >= 0`：眼睛后面的也算进来了。",
    "en": "`s >= 0` is missing: what is behind the eye counts too.",
}
BORDER = {"zh": "边和角也算：用 `>=` 和 `<=`。", "en": "Edges and corners count: `>=` and `<=`."}
ORIGIN = {
    "zh": "光线的起点没有进方程：右边是 `O - A`。",
    "en": "The ray's origin is missing: the right-hand side is `O - A`.",
}
SMALL = {
    "zh": "小不等于奇异：行列式要与各列的长度比。",
    "en": "Small is not singular: compare the determinant with the columns' lengths.",
}


@mistake("triangle_ray_intersects", **PARALLELOGRAM)
def parallelogram(A, B, C, O, D):
    solution = solved(A, B, C, O, D)
    return solution is not None and solution[0] >= 0 and all(0 <= w <= 1 for w in solution[1:])


@mistake("triangle_ray_intersects", **BEHIND)
def behind_the_eye(A, B, C, O, D):
    solution = solved(A, B, C, O, D)
    return solution is not None and min(solution[1:]) >= 0 and sum(solution[1:]) <= 1


@mistake("triangle_ray_intersects", **BORDER)
def without_border(A, B, C, O, D):
    solution = solved(A, B, C, O, D)
    return solution is not None and solution[0] >= 0 and min(solution[1:]) > 0 and sum(solution[1:]) < 1


@mistake("triangle_ray_intersects", **ORIGIN)
def triangle_from_zero(A, B, C, O, D):
    return solutions.triangle_ray_intersects(A, B, C, torch.zeros_like(O), D)


@mistake("triangle_ray_intersects", **SMALL)
def small_triangle_is_singular(A, B, C, O, D):
    det = torch.stack([-D, B - A, C - A], dim=-1).det()
    return bool(det.abs() > 1e-6) and solutions.triangle_ray_intersects(A, B, C, O, D)


@mistake(
    "triangle_ray_intersects",
    zh="矩阵放反了：向量要作列（`dim=-1`），你作了行。",
    en="The matrix is transposed: the vectors are its columns (`dim=-1`), not its rows.",
)
def rows_for_columns(A, B, C, O, D):
    matrix = torch.stack([-D, B - A, C - A])
    if matrix.det().abs() <= SINGULAR * matrix.norm(dim=1).prod():
        return False
    s, u, v = torch.linalg.solve(matrix, O - A).tolist()
    return s >= 0 and u >= 0 and v >= 0 and u + v <= 1


def each_ray(rays, triangle, function):
    return torch.tensor([function(*triangle, *ray) for ray in rays], dtype=torch.bool)


@mistake("raytrace_triangle", **PARALLELOGRAM)
def parallelograms(rays, triangle):
    return each_ray(rays, triangle, parallelogram)


@mistake("raytrace_triangle", **BEHIND)
def behind_the_eyes(rays, triangle):
    return each_ray(rays, triangle, behind_the_eye)


@mistake("raytrace_triangle", **BORDER)
def without_borders(rays, triangle):
    return each_ray(rays, triangle, without_border)


@mistake("raytrace_triangle", **ORIGIN)
def all_from_zero(rays, triangle):
    return each_ray(rays, triangle, triangle_from_zero)


@mistake(
    "raytrace_triangle",
    zh="换进去的单位矩阵也有解：最后要排除奇异的那些。",
    en="The identity you put in has a solution too: rule the singular ones out at the end.",
)
def identity_hits(rays, triangle):
    def hit(A, B, C, O, D):
        s, u, v = solved(A, B, C, O, D) or (O - A).tolist()
        return s >= 0 and u >= 0 and v >= 0 and u + v <= 1

    return each_ray(rays, triangle, hit)


def traced(rays, triangle, *, mixed=False, square=False, forgotten=False):
    """The debugging exercise's function with some of its bugs left."""
    A, B, C = triangle
    O, D = rays.reshape(2, -1, 3) if mixed else rays.unbind(dim=1)
    matrix = torch.stack([-D, (B - A).expand_as(D), (C - A).expand_as(D)], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    matrix = torch.where(singular[:, None, None], torch.eye(3).to(matrix), matrix)
    s, u, v = torch.linalg.solve(matrix, (0 * O if forgotten else O) - A).unbind(dim=-1)
    inside = (u <= 1) & (v <= 1) if square else u + v <= 1
    return ~singular & (s >= 0) & (u >= 0) & (v >= 0) & inside


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


def each_distance(rays, triangles, solve, length=True, reduce=min):
    distances = []
    for O, D in rays:
        found = [solve(*triangle, O, D) for triangle in triangles]
        scale = D.norm().item() if length else 1
        distances.append(reduce((s * scale for s in found if s is not None), default=math.inf))
    return torch.tensor(distances).to(rays)


def hit_parameter(A, B, C, O, D, s_min=0.0, halves=True):
    solution = solved(A, B, C, O, D)
    if solution is None or solution[0] < s_min or min(solution[1:]) < 0:
        return None
    s, u, v = solution
    return s if (u + v <= 1 if halves else max(u, v) <= 1) else None


@mistake(
    "raytrace_mesh",
    zh="参数不是距离：还要乘方向的长度。",
    en="The parameter is no distance yet: multiply by the direction's length.",
)
def parameter_for_distance(rays, triangles):
    return each_distance(rays, triangles, hit_parameter, length=False)


@mistake("raytrace_mesh", zh="要最近的，你给了最远的。", en="The closest is wanted; you gave the farthest.")
def farthest(rays, triangles):
    return each_distance(rays, triangles, hit_parameter, reduce=max)


@mistake("raytrace_mesh", **PARALLELOGRAM)
def mesh_of_parallelograms(rays, triangles):
    return each_distance(rays, triangles, lambda *x: hit_parameter(*x, halves=False))


@mistake("raytrace_mesh", **BEHIND)
def mesh_behind_the_eye(rays, triangles):
    return each_distance(rays, triangles, lambda *x: hit_parameter(*x, s_min=-math.inf))


@mistake(
    "raytrace_mesh", zh="什么也没碰到时是无穷大，不是 0。", en="Where nothing is hit the distance is infinity, not 0."
)
def zero_for_nothing(rays, triangles):
    distance = solutions.raytrace_mesh(rays, triangles)
    return torch.where(distance.isinf(), 0.0, distance)


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


def guess(**changes):
    return solutions.view_or_copy() | changes


@mistake(
    "view_or_copy", zh="用列表作下标会拷贝，即使只取一行。", en="Indexing with a list copies, even for a single row."
)
def list_index_is_view():
    return guess(**{"x[[0]]": True})


@mistake(
    "view_or_copy",
    zh="转置后元素的次序变了，`reshape` 走不出固定的步长，只好拷贝。",
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
    zh="`torch.tensor` 重新造了一个张量，梯度到不了 `theta`：用 `torch.stack`。",
    en="`torch.tensor` makes a new tensor and cuts the gradient to `theta`: use `torch.stack`.",
)
def cut_off(theta):
    return solutions.rotation_matrix(theta).detach()


@mistake("rotation_matrix", zh="角度是弧度，不是度。", en="The angle is in radians, not degrees.")
def in_degrees(theta):
    return solutions.rotation_matrix(theta.deg2rad())


def video(rays, triangles, matrix, num_frames, first=0, accumulate=True):
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


INSIDE_AND_OUT = [
    (2, 0.5, 1, True),
    (2, 1.5, 3, False),
    (2, -0.5, 1, False),
    (2, 0.5, -1, False),
    (-2, -0.5, -1, False),
]


@mistake(
    "my_triangle_test",
    zh="没有一条光线正好经过边或角：`>` 和 `>=` 就分不出来。",
    en="No ray goes through an edge or a corner: `>` can't be told from `>=`.",
)
def without_a_corner(triangle_ray_intersects):
    tested_on(INSIDE_AND_OUT, triangle_ray_intersects)


@mistake(
    "my_triangle_test",
    zh="所有光线都从原点出发：起点没有进方程也看不出来。",
    en="All rays start at 0: nobody sees that the origin is missing from the equations.",
)
def always_from_zero(triangle_ray_intersects):
    tested_on([*INSIDE_AND_OUT, (1, 0, 0, True)], triangle_ray_intersects)
