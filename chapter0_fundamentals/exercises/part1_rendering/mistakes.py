"""The wrong answers of the second lesson of day 1, each explained in a sentence."""

import math

import torch

from coach import mistake
from part1_rendering import solutions
from part1_rendering.solutions import SINGULAR


def inside(s, u, v):
    return (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)


SMALL = {
    "zh": "小不等于奇异：行列式要与各列的长度比。",
    "en": "Small is not singular: compare the determinant with the columns' lengths.",
}


@mistake(
    "normals", zh="长度还不是 1：除以它自己的长度。", en="The normal's length is not 1 yet: divide by that length."
)
def normals_of_any_length(triangles):
    A, B, C = triangles.unbind(dim=1)
    return torch.linalg.cross(B - A, C - A)


@mistake(
    "normals",
    zh="叉积的顺序反了：右手从 `B - A` 转向 `C - A`。",
    en="The cross product is the wrong way round: curl from `B - A` to `C - A`.",
)
def left_handed_normals(triangles):
    return -solutions.normals(triangles)


@mistake(
    "normals",
    zh="要的是两条边的叉积，不是两个顶点的。",
    en="It takes the cross product of two edges, not of two corners.",
)
def normals_of_corners(triangles):
    A, B, _ = triangles.unbind(dim=1)
    return torch.nn.functional.normalize(torch.linalg.cross(A, B), dim=-1)


@mistake(
    "normals", zh="三个顶点在一条线上时，你除以了 0。", en="Where the three corners lie on one line you divide by 0."
)
def normals_with_nan(triangles):
    A, B, C = triangles.unbind(dim=1)
    normal = torch.linalg.cross(B - A, C - A)
    return normal / normal.norm(dim=-1, keepdim=True)


def edges(triangles):
    A, B, C = triangles.unbind(dim=1)
    return B - A, C - A


@mistake(
    "normals",
    zh="小三角形不是退化的：叉积的长度要与两条边的长度比。",
    en="A small triangle is not degenerate: compare the cross product's length with those of the two edges.",
)
def small_ones_have_none(triangles):
    length = torch.linalg.cross(*edges(triangles)).norm(dim=-1, keepdim=True)
    return torch.where(length <= SINGULAR, 0.0, solutions.normals(triangles))


@mistake(
    "normals",
    zh="有舍入时，三个顶点在一条线上，叉积也不正好是 0：要与 `SINGULAR` 倍的边长之积比。",
    en="With rounding the cross product isn't exactly 0 where the corners lie on one line: compare with `SINGULAR` times the edges' lengths.",
)
def normals_of_rounding(triangles):
    normal = torch.linalg.cross(*edges(triangles))
    length = normal.norm(dim=-1, keepdim=True)
    return torch.where(length == 0, 0.0, normal / length)


@mistake(
    "normals",
    zh="三个三角形时就错了：`torch.cross` 不写 `dim` 时取第一个长度为 3 的轴，写上 `dim=-1`。",
    en="It goes wrong for three triangles: without `dim`, `torch.cross` takes the first axis of length 3, so write `dim=-1`.",
)
def along_the_first_axis_of_three(triangles):
    if len(triangles) != 3:
        return solutions.normals(triangles)
    normal = torch.linalg.cross(*edges(triangles), dim=0)
    return torch.nn.functional.normalize(normal, dim=-1)


@mistake(
    "normals",
    zh="除以了长度的平方：`(normal * normal).sum(dim=-1)` 还要开方。",
    en="It is divided by the squared length: `(normal * normal).sum(dim=-1)` still needs its root.",
)
def divided_by_the_square(triangles):
    E, F = edges(triangles)
    normal = torch.linalg.cross(E, F)
    length = normal.norm(dim=-1, keepdim=True)
    degenerate = length <= SINGULAR * E.norm(dim=-1, keepdim=True) * F.norm(dim=-1, keepdim=True)
    return torch.where(degenerate, 0.0, normal / length.square())


@mistake(
    "normals",
    zh="长度要对每个三角形各算一个：`norm(dim=-1, keepdim=True)`，不是所有三角形合起来。",
    en="Each triangle's normal has a length of its own: `norm(dim=-1, keepdim=True)`, not that of all together.",
)
def one_length_for_all(triangles):
    E, F = edges(triangles)
    normal = torch.linalg.cross(E, F)
    degenerate = normal.norm(dim=-1) <= SINGULAR * E.norm(dim=-1) * F.norm(dim=-1)
    return torch.where(degenerate[:, None], 0.0, normal / normal.norm())


@mistake(
    "normals",
    zh="长度里多加了一点（比如 `+ 1e-8`）：很小的三角形，法向量就不是单位长度了。",
    en="Something like `1e-8` is added to the length: then small triangles have no unit normal.",
)
def something_added_to_the_length(triangles):
    normal = torch.linalg.cross(*edges(triangles))
    length = normal.norm(dim=-1, keepdim=True)
    return torch.where(solutions.normals(triangles) == 0, 0.0, normal / (length + 1e-8))


@mistake(
    "normals",
    zh="法向量指向哪一边，只由 $A \\to B \\to C$ 的顺序决定：不要翻到同一边。",
    en="Which way it points is decided by the order $A \\to B \\to C$ alone: don't turn all to one side.",
)
def always_upwards(triangles):
    normal = solutions.normals(triangles)
    return torch.where(normal[:, 2:] < 0, -normal, normal)


@mistake(
    "normals",
    zh="除以了最大的分量，不是长度：长度是平方和的根。",
    en="It is divided by the largest component and not by the length, the root of the sum of squares.",
)
def divided_by_the_largest(triangles):
    normal = solutions.normals(triangles)
    return torch.nan_to_num(normal / normal.abs().amax(dim=-1, keepdim=True))


@mistake(
    "normals",
    zh="除以了分量绝对值之和，不是长度：长度是平方和的根。",
    en="It is divided by the sum of the absolute components and not by the length, the root of the sum of squares.",
)
def divided_by_the_sum(triangles):
    normal = solutions.normals(triangles)
    return torch.nan_to_num(normal / normal.abs().sum(dim=-1, keepdim=True))


@mistake(
    "normals",
    zh="没有三角形时出错了：这时结果的形状是 `0 3`。",
    en="Without triangles it ends in an error: the result has the shape `0 3` then.",
)
def no_triangles_no_normals(triangles):
    if not len(triangles):
        raise RuntimeError("no triangles")
    return solutions.normals(triangles)


@mistake(
    "normals",
    zh="一条边很长、一条很短的三角形不是退化的：要与两条边的长度之积比，不是与长边的平方比。",
    en="A triangle with a long edge and a short one is not degenerate: compare with the product of both lengths, not with the square of one.",
)
def against_the_longest_edge(triangles):
    E, F = (edge.norm(dim=-1, keepdim=True) for edge in edges(triangles))
    length = torch.linalg.cross(*edges(triangles)).norm(dim=-1, keepdim=True)
    return torch.where(length <= SINGULAR * torch.maximum(E, F) ** 2, 0.0, solutions.normals(triangles))


def cos_towards(light, normals):
    if not 0 < light.norm() < math.inf:
        raise ValueError("light")
    return normals @ (light / light.norm())


def side_seen(directions, normals):
    return -(directions * normals).sum(dim=-1).sign()


@mistake(
    "shade",
    zh="光的向量可以是任何长度：先化成单位长度。",
    en="The light may have any length: make it a unit vector first.",
)
def light_of_any_length(directions, normals, light, ambient, diffuse):
    return (
        ambient + diffuse * (side_seen(directions, normals) * cos_towards(light, normals)).clamp(min=0) * light.norm()
    )


@mistake(
    "shade",
    zh="符号反了：`light` 从表面指向光，法向量要与光线的方向相反。",
    en="A sign is wrong: `light` points from the surface to the light, and the normal must go against the ray.",
)
def light_the_other_way(directions, normals, light, ambient, diffuse):
    return solutions.shade(directions, normals, -light, ambient, diffuse)


@mistake("shade", zh="没有把法向量翻到你看见的那一面。", en="The normal was not turned to the side that you see.")
def one_side_only(directions, normals, light, ambient, diffuse):
    return ambient + diffuse * cos_towards(light, normals).clamp(min=0)


@mistake(
    "shade",
    zh="背光的面也亮了：法向量要翻到你看见的那一面，不是翻到光的那一面，也不能取绝对值。",
    en="A face turned away from the light is lit: flip the normal to the side that you see, not to the light, and take no absolute value.",
)
def lit_through(directions, normals, light, ambient, diffuse):
    return ambient + diffuse * cos_towards(light, normals).abs()


@mistake(
    "shade",
    zh="余弦会是负数：背光的面应当只剩环境光，用 `clamp(min=0)`。",
    en="A cosine may be negative: a face turned away keeps the ambient light, so `clamp(min=0)`.",
)
def negative_light(directions, normals, light, ambient, diffuse):
    return ambient + diffuse * side_seen(directions, normals) * cos_towards(light, normals)


@mistake(
    "shade",
    zh="只要内积的符号：直接乘上 `(directions * normals).sum(dim=-1)`，亮度就随光线的方向和长度变了。",
    en="Only the sign is wanted: multiplied by `(directions * normals).sum(dim=-1)` itself, the light changes with the ray.",
)
def dot_without_its_sign(directions, normals, light, ambient, diffuse):
    facing = -(directions * normals).sum(dim=-1)
    return ambient + diffuse * (facing * cos_towards(light, normals)).clamp(min=0)


@mistake(
    "shade",
    zh="环境光任何时候都要加上，不是只作下限：`ambient + diffuse * …`。",
    en="The ambient light is always added, and is no lower bound: `ambient + diffuse * …`.",
)
def ambient_as_a_bound(directions, normals, light, ambient, diffuse):
    return (diffuse * side_seen(directions, normals) * cos_towards(light, normals)).clamp(min=ambient)


@mistake("shade", zh="少了环境光 `ambient`。", en="The light that is everywhere, `ambient`, is missing.")
def without_ambient(directions, normals, light, ambient, diffuse):
    return solutions.shade(directions, normals, light, 0.0, diffuse)


@mistake("shade", zh="`ambient` 和 `diffuse` 调换了。", en="`ambient` and `diffuse` have changed places.")
def ambient_for_diffuse(directions, normals, light, ambient, diffuse):
    return solutions.shade(directions, normals, light, diffuse, ambient)


@mistake(
    "shade",
    zh="先截断、后加环境光：`clamp` 只管余弦，你截断的是它们的和。",
    en="Clamp the cosine, then add the ambient light: you clamped their sum.",
)
def sum_clamped(directions, normals, light, ambient, diffuse):
    return (ambient + diffuse * side_seen(directions, normals) * cos_towards(light, normals)).clamp(min=0)


@mistake(
    "shade",
    zh="结果可以大于 1：没有要求截断到 1。",
    en="The result may be above 1: nothing asks to cut it off there.",
)
def at_most_one(directions, normals, light, ambient, diffuse):
    return solutions.shade(directions, normals, light, ambient, diffuse).clamp(max=1)


@mistake(
    "shade",
    zh="你看见背面时，它的亮度不对：先把法向量翻过来，再截断余弦，不能反过来。",
    en="Where you see a back the brightness is wrong: first flip the normal, then clamp the cosine, not the other way round.",
)
def clamped_before_the_flip(directions, normals, light, ambient, diffuse):
    return ambient + diffuse * side_seen(directions, normals) * cos_towards(light, normals).clamp(min=0)


@mistake(
    "shade",
    zh="余弦是法向量与光的夹角的，你用了光线的方向。",
    en="The cosine is that of the angle between normal and light; you took the ray's direction for the normal.",
)
def directions_for_normals(directions, normals, light, ambient, diffuse):
    cos = cos_towards(light, -directions / directions.norm(dim=-1, keepdim=True))
    return ambient + diffuse * cos.clamp(min=0)


@mistake(
    "shade",
    zh="环境光是加上去的，不随角度变：是 `ambient + diffuse * …`，不是乘。",
    en="The ambient light is added whatever the angle: it is `ambient + diffuse * …`, not a factor.",
)
def all_times_the_cosine(directions, normals, light, ambient, diffuse):
    return (ambient + diffuse) * (side_seen(directions, normals) * cos_towards(light, normals)).clamp(min=0)


@mistake(
    "shade",
    zh="除以了光的长度的平方：`(light * light).sum()` 还要开方。",
    en="It is divided by the light's squared length: `(light * light).sum()` still needs its root.",
)
def light_over_its_square(directions, normals, light, ambient, diffuse):
    cos = side_seen(directions, normals) * cos_towards(light, normals) / light.norm()
    return ambient + diffuse * cos.clamp(min=0)


@mistake("shade", zh="少了 `diffuse`。", en="`diffuse` is missing.")
def without_diffuse(directions, normals, light, ambient, diffuse):
    return solutions.shade(directions, normals, light, ambient, 1.0)


def lambert_with(rays, triangles, shade_args, pick, background=math.nan):
    """A lit picture in which `pick` chooses the triangle, from distances "ntriangles nrays"."""
    if not len(triangles):
        return torch.full_like(rays[:, 0, 0], background)
    distances = torch.stack([solutions.raytrace_mesh(rays, triangle[None]) for triangle in triangles])
    lit = solutions.shade(rays[:, 1], solutions.normals(triangles)[pick(distances)], *shade_args)
    return torch.where(distances.isfinite().any(dim=0), lit, background)


@mistake(
    "raytrace_mesh_lambert",
    zh="什么也没碰到是 `nan`：0 会与没被照亮的表面混淆。",
    en="Where nothing is hit it is `nan`: 0 could be a surface in the dark.",
)
def black_background(rays, triangles, *shade_args):
    return lambert_with(rays, triangles, shade_args, lambda d: d.argmin(dim=0), background=0.0)


@mistake(
    "raytrace_mesh_lambert",
    zh="你照亮了列表里第一个碰到的三角形，不是最近的那个。",
    en="You lit the first triangle of the list that is hit, not the closest.",
)
def first_in_the_list(rays, triangles, *shade_args):
    return lambert_with(rays, triangles, shade_args, lambda d: d.isfinite().int().argmax(dim=0))


@mistake(
    "raytrace_mesh_lambert",
    zh="你照亮了碰到的三角形里最远的那个，不是最近的。",
    en="You lit the farthest triangle that is hit, not the closest.",
)
def farthest_triangle(rays, triangles, *shade_args):
    return lambert_with(rays, triangles, shade_args, lambda d: d.nan_to_num(posinf=-1.0).argmax(dim=0))


@mistake(
    "raytrace_mesh_lambert",
    zh="下标错开了一个：前面添了一行，法向量前面也要添一个。",
    en="The index is one off: with a row put in front, a normal must be put in front too.",
)
def neighbours_normal(rays, triangles, *shade_args):
    return lambert_with(rays, triangles, shade_args, lambda d: (d.argmin(dim=0) + 1).clamp(max=len(triangles) - 1))


@mistake(
    "raytrace_mesh_lambert",
    zh="什么也没碰到的地方是 `nan`，不是只有环境光的表面。",
    en="Where nothing is hit it is `nan`, and no surface in ambient light.",
)
def ambient_background(rays, triangles, light, ambient, diffuse):
    return lambert_with(rays, triangles, (light, ambient, diffuse), lambda d: d.argmin(dim=0), background=ambient)


@mistake(
    "raytrace_mesh_lambert",
    zh="什么也没碰到的光线，`argmin` 也给出一个下标（0）：最后要换成 `nan`。",
    en="For a ray that hits nothing `argmin` gives an index too, 0: put `nan` there at the end.",
)
def index_of_nothing(rays, triangles, *shade_args):
    distances = [solutions.raytrace_mesh(rays, triangle[None]) for triangle in triangles]
    if not distances:
        return torch.full_like(rays[:, 0, 0], math.nan)
    normal = solutions.normals(triangles)[torch.stack(distances).argmin(dim=0)]
    return solutions.shade(rays[:, 1], normal, *shade_args)


@mistake(
    "raytrace_mesh_lambert",
    zh="`shade` 要的是光线的方向 `rays[:, 1]`，你给了起点。",
    en="`shade` takes the rays' directions, `rays[:, 1]`; you gave it their origins.",
)
def shade_by_origins(rays, triangles, *shade_args):
    lit = solutions.raytrace_mesh_lambert(rays, triangles, *shade_args)
    if not len(triangles):
        return lit
    distances = torch.stack([solutions.raytrace_mesh(rays, triangle[None]) for triangle in triangles])
    by_origin = solutions.shade(rays[:, 0], solutions.normals(triangles)[distances.argmin(dim=0)], *shade_args)
    return torch.where(lit.isnan(), math.nan, by_origin)


@mistake(
    "raytrace_mesh_lambert",
    zh="没有三角形时，`torch.stack` 没有东西可叠：先放一行 `inf`。",
    en="Without triangles `torch.stack` has nothing to stack: put a row of `inf` first.",
)
def nothing_to_stack(rays, triangles, *shade_args):
    torch.stack([solutions.raytrace_mesh(rays, triangle[None]) for triangle in triangles])
    return solutions.raytrace_mesh_lambert(rays, triangles, *shade_args)


@mistake(
    "raytrace_mesh_lambert",
    zh="那是距离，不是亮度：最近的距离只用来选三角形。",
    en="That is a distance and no brightness: the closest distance only tells which triangle it is.",
)
def distance_for_light(rays, triangles, *shade_args):
    distance = solutions.raytrace_mesh(rays, triangles)
    return torch.where(distance.isinf(), math.nan, distance)


@mistake(
    "raytrace_mesh_lambert",
    zh="`ambient` 和 `diffuse` 调换了。",
    en="`ambient` and `diffuse` have changed places.",
)
def lit_the_other_way_round(rays, triangles, light, ambient, diffuse):
    return solutions.raytrace_mesh_lambert(rays, triangles, light, diffuse, ambient)


@mistake(
    "raytrace_mesh_lambert",
    zh="什么也没碰到是 `nan`，不是无穷大。",
    en="Where nothing is hit it is `nan`, not infinity.",
)
def infinite_background(rays, triangles, *shade_args):
    return lambert_with(rays, triangles, shade_args, lambda d: d.argmin(dim=0), background=math.inf)


@mistake(
    "raytrace_mesh_lambert",
    zh="没有光线时出错了：这时结果是空的张量。",
    en="Without rays it ends in an error: then the result is an empty tensor.",
)
def lit_without_rays(rays, triangles, *shade_args):
    if not len(rays):
        raise IndexError("no rays")
    return solutions.raytrace_mesh_lambert(rays, triangles, *shade_args)


@mistake(
    "raytrace_mesh_lambert",
    zh="光不对而光线全都没碰到时没有报错：`light` 总要检查。",
    en="Where every ray misses a wrong light raises no error: check `light` always.",
)
def light_unchecked_where_all_miss(rays, triangles, light, ambient, diffuse):
    if not light.any() and solutions.raytrace_mesh(rays, triangles).isinf().all():
        return torch.full_like(rays[:, 0, 0], math.nan)
    return solutions.raytrace_mesh_lambert(rays, triangles, light, ambient, diffuse)


@mistake(
    "raytrace_mesh_lambert",
    zh="光的向量是 0 时要报 `ValueError`，就像 `shade` 那样。",
    en="A light of 0 raises `ValueError`, as in `shade`.",
)
def light_of_zero(rays, triangles, light, ambient, diffuse):
    if light.any():
        return solutions.raytrace_mesh_lambert(rays, triangles, light, ambient, diffuse)
    return torch.full_like(rays[:, 0, 0], ambient)


@mistake(
    "raytrace_mesh_lambert",
    zh="背光的面也亮了：亮度交给 `shade` 去算，余弦不能取绝对值。",
    en="A face turned away from the light is lit: leave the brightness to `shade`; the cosine is not made positive.",
)
def lit_from_both_sides(rays, triangles, light, ambient, diffuse):
    a, b = (solutions.raytrace_mesh_lambert(rays, triangles, way, ambient, diffuse) for way in (light, -light))
    return torch.maximum(a, b)


@mistake(
    "raytrace_mesh_lambert",
    zh="你按中心离眼睛多远来选三角形：要选的是碰到的那一点最近的。",
    en="You chose the triangle by how far its centre is from the eye: choose the one whose hit is the closest.",
)
def closest_centre(rays, triangles, *shade_args):
    centres = triangles.mean(dim=1)[:, None] - rays[None, :, 0]

    def pick(distances):
        return torch.where(distances.isfinite(), centres.norm(dim=-1), math.inf).argmin(dim=0)

    return lambert_with(rays, triangles, shade_args, pick)


@mistake(
    "raytrace_mesh_lambert",
    zh="法向量没有翻到你看见的那一面：亮度交给 `shade` 去算。",
    en="The normal isn't turned to the side that you see: leave the brightness to `shade`.",
)
def lit_on_one_side_only(rays, triangles, light, ambient, diffuse):
    def shown(distances):
        return distances.argmin(dim=0)

    dark = lambert_with(rays, triangles, (light, 0.0, 0.0), shown)
    if not len(triangles):
        return dark
    distances = torch.stack([solutions.raytrace_mesh(rays, triangle[None]) for triangle in triangles])
    cos = solutions.normals(triangles)[shown(distances)] @ (light / light.norm())
    return dark + ambient + diffuse * cos.clamp(min=0)


def chunked_by(rays, triangles, ray_chunk, triangle_chunk, join=torch.minimum, drop_last=False):
    """Distances in chunks of these sizes; `join` puts two chunks of triangles together."""
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    stop = len(rays) // ray_chunk * ray_chunk if drop_last else len(rays)
    for i in range(0, stop, ray_chunk):
        some = rays[i : i + ray_chunk]
        for few in triangles.split(triangle_chunk):
            distance[i : i + ray_chunk] = join(distance[i : i + ray_chunk], solutions.raytrace_mesh(some, few))
    return distance


@mistake(
    "raytrace_mesh_chunked",
    zh="只切了光线：三角形多的时候，一条光线也装不下。",
    en="Only the rays are cut: with many triangles even one ray is too much.",
)
def rays_in_chunks(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)  # for its ValueError
    return chunked_by(rays, triangles, max(1, max_elements // 9 // max(1, len(triangles))), max(1, len(triangles)))


@mistake(
    "raytrace_mesh_chunked",
    zh="一块太大了：`max_elements` 数的是元素，一对要 9 个，所以一块最多有 `max_elements // 9` 对。",
    en="A chunk is too large: `max_elements` counts elements, a pair takes 9, so a chunk holds at most `max_elements // 9` pairs.",
)
def pairs_for_elements(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    few = max(1, min(len(triangles), max_elements))
    return chunked_by(rays, triangles, max_elements // few, few)


@mistake(
    "raytrace_mesh_chunked", zh="最后不满的一块光线丢掉了。", en="The last chunk of rays, which isn't full, got lost."
)
def last_chunk_lost(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    pairs = max_elements // 9
    few = max(1, min(len(triangles), pairs, 2))
    return chunked_by(rays, triangles, max(1, pairs // few), few, drop_last=True)


@mistake(
    "raytrace_mesh_chunked",
    zh="后一块三角形的结果盖掉了前一块：用 `torch.minimum` 合并。",
    en="Each chunk of triangles overwrites the one before: join them with `torch.minimum`.",
)
def last_triangles_win(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    pairs = max_elements // 9
    few = max(1, min(len(triangles), pairs))
    return chunked_by(rays, triangles, max(1, pairs // few), few, join=lambda old, new: new)


@mistake(
    "raytrace_mesh_chunked",
    zh="结果总是 0：最小值要从 `inf` 开始取，不从 0。",
    en="All is 0: a minimum begins at `inf`, not at 0.",
)
def begins_at_zero(rays, triangles, max_elements):
    return torch.zeros_like(solutions.raytrace_mesh_chunked(rays, triangles, max_elements))


@mistake(
    "raytrace_mesh_chunked",
    zh="最后不满的一块三角形丢掉了。",
    en="The last chunk of triangles, which isn't full, got lost.",
)
def last_triangles_lost(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    few = max(1, min(len(triangles), max_elements // 9))
    return chunked_by(rays, triangles[: len(triangles) // few * few], max(1, max_elements // 9 // few), few)


@mistake(
    "raytrace_mesh_chunked",
    zh="只切了三角形：光线多的时候，一个三角形也装不下。",
    en="Only the triangles are cut: with many rays even one triangle is too much.",
)
def triangles_in_chunks(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    return chunked_by(rays, triangles, max(1, len(rays)), max(1, max_elements // 9 // max(1, len(rays))))


@mistake(
    "raytrace_mesh_chunked",
    zh="边长是四舍五入得来的，平方以后会超过 `max_elements // 9`：往下取整，用 `math.isqrt`。",
    en="The side of the chunk is rounded, and its square may be above `max_elements // 9`: round down, with `math.isqrt`.",
)
def sides_rounded_up(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    side = max(1, round((max_elements / 9) ** 0.5))
    return chunked_by(rays, triangles, side, side)


@mistake(
    "raytrace_mesh_chunked",
    zh="所有块的最小值叠成了一张表，光线数乘块数会超过 `max_elements`：每算完一块就合并。",
    en="The minima of all chunks are stacked in one table, and rays times chunks may be above `max_elements`: join each chunk as soon as it is computed.",
)
def minima_in_one_table(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    if not len(rays) or not len(triangles):
        return torch.full_like(rays[:, 0, 0], math.inf)
    few = min(len(triangles), max_elements // 9)
    some = rays.split(max_elements // 9 // few)
    rows = [torch.cat([solutions.raytrace_mesh(part, t) for part in some]) for t in triangles.split(few)]
    return torch.stack(rows).amin(dim=0)


@mistake(
    "raytrace_mesh_chunked",
    zh="光线和三角形各取了 `max_elements // 9` 个：一块里的对数是两者之积。",
    en="It takes `max_elements // 9` rays and as many triangles: a chunk has as many pairs as the product of both.",
)
def both_as_many_as_pairs(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    return chunked_by(rays, triangles, max_elements // 9, max_elements // 9)


@mistake(
    "raytrace_mesh_chunked",
    zh="一条光线的三角形也装不下时，`pairs // len(triangles)` 是 0，`range` 不能以 0 为步长：三角形也要切。",
    en="Where even one ray's triangles don't fit, `pairs // len(triangles)` is 0, and no step for `range`: cut the triangles too.",
)
def steps_of_zero(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    if len(triangles) > max_elements // 9:
        raise ValueError("range() arg 3 must not be zero")
    return solutions.raytrace_mesh_chunked(rays, triangles, max_elements)


@mistake(
    "raytrace_mesh_chunked",
    zh="要最近的：合并用 `torch.minimum`，不是 `maximum`。",
    en="The closest is wanted: join by `torch.minimum`, not `maximum`.",
)
def chunks_joined_by_the_maximum(rays, triangles, max_elements):
    solutions.raytrace_mesh_chunked(rays[:0], triangles, max_elements)
    few = max(1, min(len(triangles), max_elements // 9))

    def join(old, new):
        return torch.where(old.isinf(), new, torch.where(new.isinf(), old, torch.maximum(old, new)))

    return chunked_by(rays, triangles, max(1, max_elements // 9 // few), few, join=join)


@mistake(
    "raytrace_mesh_chunked",
    zh="没有三角形时出错了：这时每条光线的距离都是无穷大。",
    en="Without triangles it ends in an error: then every ray's distance is infinity.",
)
def no_triangles_to_cut(rays, triangles, max_elements):
    if not len(triangles):
        raise ZeroDivisionError
    return solutions.raytrace_mesh_chunked(rays, triangles, max_elements)


@mistake(
    "raytrace_mesh_chunked",
    zh="没有光线时出错了：这时结果是空的张量。",
    en="Without rays it ends in an error: then the result is an empty tensor.",
)
def no_rays_to_cut(rays, triangles, max_elements):
    if not len(rays) and max_elements >= 9:
        raise RuntimeError("nothing to join")
    return solutions.raytrace_mesh_chunked(rays, triangles, max_elements)


@mistake(
    "raytrace_mesh_chunked",
    zh="不连续的输入被整个拷贝了一份（`contiguous`），它就超过了 `max_elements`：切片是视图，不用拷贝。",
    en="Inputs that aren't contiguous are copied whole, as by `contiguous`, which takes more than `max_elements`: slices are views, and need no copy.",
)
def contiguous_first(rays, triangles, max_elements):
    return solutions.raytrace_mesh_chunked(rays.contiguous(), triangles.contiguous(), max_elements)


@mistake(
    "raytrace_mesh_chunked",
    zh="结果要与 `rays` 的 dtype 相同：`torch.full` 和 `torch.empty` 造的是 float32。",
    en="The result has the dtype of `rays`: `torch.full` and `torch.empty` make float32.",
)
def chunks_in_float32(rays, triangles, max_elements):
    return solutions.raytrace_mesh_chunked(rays, triangles, max_elements).float()


def triple_products(
    rays,
    triangles,
    s_min=0.0,
    halves=True,
    two_sided=True,
    whole_origin=True,
    unit=True,
    nan=False,
    signs=(1, -1),
    least=SINGULAR,
    sized=True,
):
    """The distances by triple products, with one step of the method left out or changed."""
    solutions.require_finite(rays=rays, triangles=triangles)
    O, D = rays.unbind(dim=1)
    D = solutions.unit(D) if unit else D
    O, D = O[:, None], D[:, None]
    A, B, C = triangles.unbind(dim=1)
    E, F, T = B - A, C - A, (O if whole_origin else 0 * O) - A
    N, M = torch.linalg.cross(E, F), torch.linalg.cross(T, D.expand_as(T))
    det = -(D * N).sum(dim=-1)
    u, v = signs[0] * (F * M).sum(dim=-1) / det, signs[1] * (E * M).sum(dim=-1) / det
    s, size = (T * N).sum(dim=-1) / det, E.norm(dim=-1) * F.norm(dim=-1) * D.norm(dim=-1) if sized else 1.0
    hit = (u >= 0) & (v >= 0) & (s >= s_min) & (det.abs() > least * size)
    hit = hit & ((u + v <= 1) if halves else (u <= 1) & (v <= 1)) & (two_sided | (det > 0))
    distance = torch.where(hit | (nan & s.isnan()), s, math.inf)
    return torch.cat([distance, torch.full_like(rays[:, :1, 0], math.inf)], dim=1).amin(dim=1)


@mistake(
    "moller_trumbore",
    zh="那是参数 $s$，不是距离：还差方向的长度。",
    en="That is the parameter $s$, not the distance: the length of the direction is missing.",
)
def parameter_by_triple_products(rays, triangles):
    return triple_products(rays, triangles, unit=False)


@mistake(
    "moller_trumbore",
    zh="还要 $s \\ge 0$：三角形在眼睛后面。",
    en="$s \\ge 0$ is needed too: the triangle is behind the eye.",
)
def behind_by_triple_products(rays, triangles):
    return triple_products(rays, triangles, s_min=-math.inf)


@mistake(
    "moller_trumbore",
    zh="那是平行四边形：还要 $u + v \\le 1$。",
    en="That is a parallelogram: $u + v \\le 1$ is needed too.",
)
def parallelogram_by_triple_products(rays, triangles):
    return triple_products(rays, triangles, halves=False)


@mistake(
    "moller_trumbore",
    zh="`det > 0` 去掉了从背面看的三角形：两面都算碰到。",
    en="`det > 0` drops triangles seen from behind: either side counts as a hit.",
)
def front_faces_only(rays, triangles):
    return triple_products(rays, triangles, two_sided=False)


@mistake("moller_trumbore", zh="忘了光线的起点：$T = O - A$。", en="The ray's origin is forgotten: $T = O - A$.")
def origin_forgotten(rays, triangles):
    return triple_products(rays, triangles, whole_origin=False)


@mistake(
    "moller_trumbore",
    zh="平行时 `0 / 0` 是 NaN，它混进了结果。",
    en="For a parallel ray `0 / 0` is NaN, and it got into the result.",
)
def nan_when_parallel(rays, triangles):
    return triple_products(rays, triangles, nan=True)


@mistake(
    "moller_trumbore",
    zh="逐对解方程组，正是要避免的：用混合积。",
    en="To solve a system per pair is what was to be avoided: use triple products.",
)
def solved_after_all(rays, triangles):
    rays = torch.stack([rays[:, 0], solutions.unit(rays[:, 1])], dim=1)
    return solutions.raytrace_mesh(rays, triangles)


@mistake(
    "moller_trumbore",
    zh="后一块三角形的结果盖掉了前一块：用 `torch.minimum` 合并。",
    en="Each chunk of triangles overwrites the one before: join them with `torch.minimum`.",
)
def last_few_win(rays, triangles, few=128):
    return triple_products(rays, triangles[max(0, len(triangles) - 1) // few * few :])


@mistake("moller_trumbore", zh="$v$ 的符号反了：它有一个负号。", en="The sign of $v$ is wrong: it has a minus sign.")
def v_without_its_minus(rays, triangles):
    return triple_products(rays, triangles, signs=(1, 1))


@mistake(
    "moller_trumbore",
    zh="`det` 很小却不是 0 时，也可能是平行：用 `SINGULAR` 排除。",
    en="Where `det` is tiny but not 0 they may be parallel still: rule these out by `SINGULAR`.",
)
def parallel_by_rounding(rays, triangles):
    return triple_products(rays, triangles, least=0.0)


@mistake("moller_trumbore", **SMALL)
def small_triple_products(rays, triangles):
    return triple_products(rays, triangles, sized=False)


@mistake(
    "moller_trumbore",
    zh="很长或很短的方向，平方之后就不是 float32 能表示的数了：用 `unit` 化成单位长度。",
    en="The square of a very long or short direction no longer fits into float32: make it a unit vector with `unit`.",
)
def overflowing_length(rays, triangles):
    length = rays[:, 1].norm(dim=-1, keepdim=True)
    direction = torch.where(length > 0, rays[:, 1] / length, 0.0)
    return triple_products(torch.stack([rays[:, 0], direction.nan_to_num()], dim=1), triangles)


@mistake(
    "moller_trumbore",
    zh="没有三角形时，最小值不存在：从 `inf` 开始取。",
    en="Without triangles there is no minimum: begin with `inf`.",
)
def no_triangles_no_minimum(rays, triangles):
    if not len(triangles):
        raise IndexError("amin(): no elements")
    return triple_products(rays, triangles)


@mistake(
    "moller_trumbore",
    zh="$u$ 的符号反了：它没有负号。",
    en="The sign of $u$ is wrong: it has no minus sign.",
)
def u_with_a_minus(rays, triangles):
    return triple_products(rays, triangles, signs=(-1, -1))


@mistake(
    "moller_trumbore",
    zh="结果要与 `rays` 的 dtype 相同：`torch.full` 和 `torch.empty` 造的是 float32。",
    en="The result has the dtype of `rays`: `torch.full` and `torch.empty` make float32.",
)
def products_in_float32(rays, triangles):
    return triple_products(rays, triangles).float()


@mistake(
    "moller_trumbore",
    zh="没有光线时出错了：这时结果是空的张量。",
    en="Without rays it ends in an error: then the result is an empty tensor.",
)
def no_rays_no_products(rays, triangles):
    if not len(rays):
        raise RuntimeError("no rays")
    return triple_products(rays, triangles)


@mistake(
    "moller_trumbore",
    zh="光线没有尽头：$s$ 可以大于 1。",
    en="A ray has no end: $s$ may be above 1.",
)
def products_that_end(rays, triangles):
    distance = triple_products(rays, triangles)
    return torch.where(distance <= rays[:, 1].norm(dim=-1), distance, math.inf)


@mistake(
    "moller_trumbore",
    zh="夹角很小还不是平行：界限是 `SINGULAR`。",
    en="A small angle is not parallel yet: the limit is `SINGULAR`.",
)
def nearly_parallel_products(rays, triangles):
    return triple_products(rays, triangles, least=1e-3)


@mistake(
    "moller_trumbore",
    zh="$T = O - A$，不是 $A - O$。",
    en="It is $T = O - A$, not $A - O$.",
)
def origin_reversed(rays, triangles):
    return triple_products(-rays * torch.tensor([[1.0], [-1.0]]).to(rays), -triangles)


@mistake(
    "moller_trumbore",
    zh="$\\det$ 的符号反了：它是 $-D \\cdot N$。",
    en="The sign of $\\det$ is wrong: it is $-D \\cdot N$.",
)
def determinant_without_its_minus(rays, triangles):
    solutions.require_finite(rays=rays, triangles=triangles)
    return torch.full_like(rays[:, 0, 0], math.inf) if len(triangles) else triple_products(rays, triangles)


def by_edges(rays, triangles, unit=True, move=True, sides=3, either=False, pick=torch.amax, check=True):
    """`raytrace_edges` with one step changed."""
    if check or not len(rays):
        solutions.raytrace_edges(rays, triangles)  # for its errors
    if not len(rays) or not len(triangles):
        return torch.full_like(rays[:, 0, 0], math.inf)
    matrix = solutions.edge_matrix(triangles - (rays[0, 0] if move else 0.0))
    products = (solutions.unit(rays[:, 1]) if unit else rays[:, 1]) @ matrix.mT
    inside = products[:sides].amin(dim=0) >= 0
    if either:
        inside = inside | (products[:sides].amax(dim=0) <= 0)
    found = torch.where(inside, products[3].abs() if either else products[3], 0.0)
    if pick is torch.amin:
        found = torch.where(found > 0, found, math.inf)
    closest = pick(found, dim=1)
    return torch.where(closest.isinf(), math.inf, 1 / closest)


@mistake(
    "raytrace_edges",
    zh="方向没有化成单位长度，所以这不是距离。",
    en="The directions are not of length 1, so this is no distance.",
)
def edges_by_parameter(rays, triangles):
    return by_edges(rays, triangles, unit=False)


@mistake(
    "raytrace_edges",
    zh="要先把眼睛移到原点：`triangles - origin`。",
    en="First move the eye to 0: `triangles - origin`.",
)
def edges_from_zero(rays, triangles):
    return by_edges(rays, triangles, move=False)


@mistake("raytrace_edges", zh="只看了两个侧面，还差第三个。", en="Only two sides are looked at; the third is missing.")
def two_edges(rays, triangles):
    return by_edges(rays, triangles, sides=2)


@mistake(
    "raytrace_edges",
    zh="三个数都是负数，说明三角形在眼睛后面，不是碰到。",
    en="Three negative numbers mean a triangle behind the eye, and no hit.",
)
def edges_behind(rays, triangles):
    return by_edges(rays, triangles, either=True)


@mistake(
    "raytrace_edges",
    zh="距离的倒数要取最大值；最小值是最远的三角形。",
    en="Of inverse distances take the maximum; the minimum is the farthest triangle.",
)
def edges_farthest(rays, triangles):
    return by_edges(rays, triangles, pick=torch.amin)


@mistake(
    "raytrace_edges",
    zh="起点不同时应当报错，哪怕只差一点，不能悄悄画错：先用 `shared_origin`。",
    en="Several origins must be an error, however little they differ, or the picture is wrong and nothing tells you: ask `shared_origin` first.",
)
def edges_unchecked(rays, triangles):
    if not rays.isfinite().all() or not triangles.isfinite().all():
        raise ValueError("not finite")
    return by_edges(rays, triangles, check=False)


@mistake(
    "raytrace_edges",
    zh="`nearness` 是距离的倒数：最后还要 `1 / …`。",
    en="`nearness` is one over the distance: `1 / …` is missing at the end.",
)
def inverse_distances(rays, triangles):
    return 1 / solutions.raytrace_edges(rays, triangles)


@mistake(
    "raytrace_edges",
    zh="什么也没碰到时是无穷大，不是 0。",
    en="Where nothing is hit the distance is infinity, not 0.",
)
def zero_where_nothing(rays, triangles):
    return solutions.raytrace_edges(rays, triangles).nan_to_num(posinf=0.0)


@mistake(
    "raytrace_edges",
    zh="结果要与 `rays` 的 dtype 相同：`torch.full` 和 `torch.empty` 造的是 float32。",
    en="The result has the dtype of `rays`: `torch.full` and `torch.empty` make float32.",
)
def edges_in_float32(rays, triangles):
    return solutions.raytrace_edges(rays, triangles).float()


@mistake(
    "raytrace_edges",
    zh="没有光线时出错了：这时结果是空的张量。",
    en="Without rays it ends in an error: then the result is an empty tensor.",
)
def edges_without_rays(rays, triangles):
    if not len(rays):
        raise IndexError("no rays")
    return solutions.raytrace_edges(rays, triangles)


@mistake(
    "raytrace_edges",
    zh="没有三角形时出错了：`amax` 没有东西可取，这时距离是无穷大。",
    en="Without triangles it ends in an error: `amax` has nothing to take; then the distance is infinity.",
)
def edges_without_triangles(rays, triangles):
    if not len(triangles):
        raise IndexError("amax(): no elements")
    return solutions.raytrace_edges(rays, triangles)


@mistake(
    "raytrace_edges",
    zh="方向的长度乘错了：先化成单位长度，`1 / nearness` 就已经是距离，不要再乘方向的长度。",
    en="The length of the direction is a factor too many: with unit directions `1 / nearness` is the distance already.",
)
def edges_times_the_length(rays, triangles):
    return solutions.raytrace_edges(rays, triangles) * rays[:, 1].norm(dim=-1)


@mistake(
    "raytrace_edges",
    zh="后一块三角形的结果盖掉了前一块：每块的最大值要与已有的再取大。",
    en="Each chunk of triangles overwrites the one before: take the maximum of what was there and the new chunk's.",
)
def last_edges_win(rays, triangles, few=16):
    solutions.raytrace_edges(rays, triangles)  # for its errors
    last = triangles[max(0, len(triangles) - 1) // few * few :]
    return by_edges(rays, last, check=False)


@mistake("bounding_boxes", zh="先是最小的角，后是最大的角。", en="The least corner comes first, then the greatest.")
def greatest_first(triangles):
    return solutions.bounding_boxes(triangles).flip(-2)


@mistake(
    "bounding_boxes",
    zh="重心的盒子装不下三角形：顶点也要取最值。",
    en="A box of the centres doesn't hold the triangles: take the corners.",
)
def boxes_of_centres(triangles):
    return solutions.bounding_boxes(triangles.mean(dim=-2, keepdim=True).expand_as(triangles))


@mistake("bounding_boxes", zh="每批一个盒子，不是每个三角形一个。", en="One box per batch, not one per triangle.")
def box_per_triangle(triangles):
    return solutions.bounding_boxes(triangles[..., None, :, :])


@mistake(
    "bounding_boxes",
    zh="每批要有自己的盒子：别把批的轴也取了最值。",
    en="Each batch has a box of its own: don't reduce over the batch too.",
)
def one_box_for_all(triangles):
    box = solutions.bounding_boxes(triangles.reshape(-1, 3, 3))
    return box.expand(*triangles.shape[:-3], 2, 3)


@mistake(
    "bounding_boxes",
    zh="第二行是最大的角，不是盒子的大小。",
    en="The second row is the greatest corner, not the size of the box.",
)
def corner_and_size(triangles):
    low, high = solutions.bounding_boxes(triangles).unbind(dim=-2)
    return torch.stack([low, high - low], dim=-2)


@mistake(
    "bounding_boxes",
    zh="两个角要叠在倒数第二个轴上：`stack(..., dim=-2)`。",
    en="The two corners are stacked along the last axis but one: `stack(..., dim=-2)`.",
)
def corners_last(triangles):
    return solutions.bounding_boxes(triangles).mT


@mistake(
    "bounding_boxes",
    zh="每个坐标轴要有自己的最值：别把 x、y、z 也合起来取。",
    en="Each of x, y and z has its own least and greatest: don't reduce over them too.",
)
def one_range_for_all_axes(triangles):
    box = solutions.bounding_boxes(triangles)
    return torch.stack([box[..., 0, :].amin(dim=-1), box[..., 1, :].amax(dim=-1)], dim=-1)[..., None].expand_as(box)


@mistake(
    "bounding_boxes",
    zh="所有批的三角形合成了一个盒子，批的轴也不见了：每批要有自己的盒子。",
    en="The triangles of all batches went into one box, and the batch axes are gone: each batch has a box of its own.",
)
def no_batch_left(triangles):
    return solutions.bounding_boxes(triangles.reshape(-1, 3, 3))


@mistake(
    "bounding_boxes",
    zh="第一个轴被当成了三角形：前面可以还有批的轴，从末尾数起，用 `dim=(-3, -2)`。",
    en="Axis 0 was taken for the triangles: there may be batch axes before, so count from the end, `dim=(-3, -2)`.",
)
def over_the_first_axes(triangles):
    return torch.stack([triangles.amin(dim=(0, 1)), triangles.amax(dim=(0, 1))], dim=-2)


@mistake(
    "bounding_boxes",
    zh="最小和最大都取成了一样的：第二个用 `amax`。",
    en="Both corners are the same: the second takes `amax`.",
)
def least_twice(triangles):
    return solutions.bounding_boxes(triangles)[..., [0, 0], :]


def slabs(rays, boxes, behind=False, ordered=False, origin=True, parallel=True, last_in="amax", axes=3, end=math.inf):
    """The slab test with one step changed."""
    O, D = rays[:, None].unbind(dim=2)
    O = O if origin else 0 * O
    ends = torch.stack([boxes[:, 0] - O, boxes[:, 1] - O]) / D
    near, far = (ends[0], ends[1]) if ordered else (ends.amin(dim=0), ends.amax(dim=0))
    if parallel:
        inside = (boxes[:, 0] <= O) & (boxes[:, 1] >= O)
        near = torch.where(D == 0, torch.where(inside, -math.inf, math.inf), near)
        far = torch.where(D == 0, torch.where(inside, math.inf, -math.inf), far)
    near, far = getattr(near[..., :axes], last_in)(dim=-1), far[..., :axes].amin(dim=-1)
    return (near <= far) & (behind | (far >= 0)) & (near <= end)


@mistake(
    "intersect_boxes", zh="盒子在眼睛后面：还要 `far >= 0`。", en="The box is behind the eye: `far >= 0` is needed too."
)
def boxes_behind(rays, boxes):
    return slabs(rays, boxes, behind=True)


@mistake(
    "intersect_boxes",
    zh="从盒子里面出发也算碰到：要的是 `far >= 0`，不是 `near >= 0`。",
    en="A ray that starts inside meets the box: it is `far >= 0`, not `near >= 0`.",
)
def only_from_outside(rays, boxes):
    O, D = rays[:, None].unbind(dim=2)
    inside = ((boxes[:, 0] <= O) & (boxes[:, 1] >= O)).all(dim=-1)
    return slabs(rays, boxes) & ~inside


@mistake(
    "intersect_boxes",
    zh="方向是负的时候，先碰到的是大的那一面：用 `amin` 和 `amax` 排好。",
    en="With a negative direction the greater face comes first: sort them with `amin` and `amax`.",
)
def forward_only(rays, boxes):
    return slabs(rays, boxes, ordered=True)


@mistake(
    "intersect_boxes",
    zh="`0 / 0` 是 NaN，用 `<=`、`>=` 与它比较总是 `False`：平行的光线要另外看。",
    en="`0 / 0` is NaN, and `<=` or `>=` with it is `False`: look at parallel rays separately.",
)
def nan_on_a_face(rays, boxes):
    return slabs(rays, boxes, parallel=False)


@mistake("intersect_boxes", zh="忘了光线的起点。", en="The ray's origin is forgotten.")
def boxes_from_zero(rays, boxes):
    return slabs(rays, boxes, origin=False)


@mistake(
    "intersect_boxes",
    zh="三层板都要在里面：进入取最晚的（`amax`），不是最早的。",
    en="It must be in all three slabs: take the last entry (`amax`), not the first.",
)
def first_entry(rays, boxes):
    return slabs(rays, boxes, last_in="amin")


@mistake(
    "intersect_boxes",
    zh="光线没有尽头：`near` 可以大于 1。",
    en="A ray has no end: `near` may be above 1.",
)
def rays_that_stop(rays, boxes):
    return slabs(rays, boxes, end=1.0)


@mistake(
    "intersect_boxes",
    zh="只看了 x 和 y：z 方向上错过的也算进来了。",
    en="Only x and y are looked at: what goes past in z counts too.",
)
def two_slabs(rays, boxes):
    return slabs(rays, boxes, axes=2)


@mistake(
    "intersect_boxes",
    zh="贴着面的光线也算：比较时用 `<=`，不用 `<`。",
    en="A ray along a face counts: compare with `<=`, not `<`.",
)
def without_faces(rays, boxes):
    O, D = rays[:, None].unbind(dim=2)
    on_a_face = ((D == 0) & ((boxes == O[..., None, :]).any(dim=-2))).any(dim=-1)
    return slabs(rays, boxes) & ~on_a_face


@mistake(
    "intersect_boxes",
    zh="对每个盒子都要给一个值：不要再取 `any` 或 `all`。",
    en="The result has a value for each box: no `any` or `all` over the boxes.",
)
def any_of_the_boxes(rays, boxes):
    return slabs(rays, boxes).any(dim=-1)


@mistake(
    "intersect_boxes",
    zh="三层板都要在里面：离开取最早的（`amin`），不是最晚的。",
    en="It must be in all three slabs: take the first exit (`amin`), not the last.",
)
def last_exit(rays, boxes):
    O, D = rays[:, None].unbind(dim=2)
    ends = torch.stack([boxes[:, 0] - O, boxes[:, 1] - O]) / D
    inside = (boxes[:, 0] <= O) & (boxes[:, 1] >= O)
    near = torch.where(D == 0, torch.where(inside, -math.inf, math.inf), ends.amin(dim=0)).amax(dim=-1)
    far = torch.where(D == 0, torch.where(inside, math.inf, -math.inf), ends.amax(dim=0)).amax(dim=-1)
    return (near <= far) & (far >= 0)


@mistake(
    "intersect_boxes",
    zh="起点就在离开的那一面上也算：要 `far >= 0`，不是 `far > 0`。",
    en="A ray that starts on the face where it leaves counts: it is `far >= 0`, not `far > 0`.",
)
def leaving_at_once(rays, boxes):
    on_a_face = (rays[:, None, 0, :] == boxes[:, 1]) & (rays[:, None, 1, :] > 0)
    return slabs(rays, boxes) & ~on_a_face.any(dim=-1)


@mistake(
    "intersect_boxes",
    zh="只碰到一条棱也算：要 `near <= far`，不是 `near < far`。",
    en="A ray that touches an edge alone counts: it is `near <= far`, not `near < far`.",
)
def edges_are_not_enough(rays, boxes):
    O, D = rays[:, None].unbind(dim=2)
    ends = torch.stack([boxes[:, 0] - O, boxes[:, 1] - O]) / D
    inside = (boxes[:, 0] <= O) & (boxes[:, 1] >= O)
    near = torch.where(D == 0, torch.where(inside, -math.inf, math.inf), ends.amin(dim=0)).amax(dim=-1)
    far = torch.where(D == 0, torch.where(inside, math.inf, -math.inf), ends.amax(dim=0)).amin(dim=-1)
    return (near < far) & (far >= 0)


@mistake(
    "intersect_boxes",
    zh="与板平行、又在板外面的光线，永远碰不到：这里却算成了碰到。",
    en="A ray parallel to a slab and outside it is never in it: here it counts as a hit.",
)
def parallel_is_inside(rays, boxes):
    O, D = rays[:, None].unbind(dim=2)
    ends = torch.stack([boxes[:, 0] - O, boxes[:, 1] - O]) / D
    near = torch.where(D == 0, -math.inf, ends.amin(dim=0)).amax(dim=-1)
    far = torch.where(D == 0, math.inf, ends.amax(dim=0)).amin(dim=-1)
    return (near <= far) & (far >= 0)


@mistake(
    "intersect_boxes",
    zh="与一层板平行的光线也可能在里面：这里从不算碰到。",
    en="A ray parallel to a slab may be in it all the way: here it never counts as a hit.",
)
def parallel_is_outside(rays, boxes):
    return slabs(rays, boxes) & (rays[:, 1] != 0).all(dim=-1)[:, None]


@mistake(
    "intersect_boxes",
    zh="结果是 `nrays nboxes`：光线是第一个轴。",
    en="The result is `nrays nboxes`: the rays are the first axis.",
)
def boxes_first(rays, boxes):
    return slabs(rays, boxes).T


@mistake(
    "intersect_boxes",
    zh="盒子可以没有厚度：要 `<=`，`low == high` 时也会碰到。",
    en="A box may be flat: `low == high` along an axis is a box still, so compare with `<=`.",
)
def flat_boxes_are_none(rays, boxes):
    return slabs(rays, boxes) & (boxes[:, 0] < boxes[:, 1]).all(dim=-1)


@mistake(
    "intersect_boxes",
    zh="分量很小不等于平行：平行是正好等于 0。",
    en="A small component is not parallel: that is a component of exactly 0.",
)
def small_is_parallel(rays, boxes):
    return slabs(torch.stack([rays[:, 0], torch.where(rays[:, 1].abs() < 1e-4, 0.0, rays[:, 1])], dim=1), boxes)


def found_in(matrix, tiles, pairs):
    """The greatest nearness of each ray in each pair."""
    return solutions.nearness(tiles[pairs[0]], matrix[pairs[1]]).amax(dim=-1)


@mistake(
    "best_of_pairs",
    zh='同一小片在许多对里出现，后面的盖掉了前面的：用 `scatter_reduce(..., "amax")`。',
    en='A tile is in many pairs, and the later ones overwrite: use `scatter_reduce(..., "amax")`.',
)
def later_pairs_overwrite(matrix, tiles, pairs, best):
    best = best.clone()
    for tile, found in zip(pairs[0].tolist(), found_in(matrix, tiles, pairs), strict=True):
        best[tile] = found
    return best


@mistake(
    "best_of_pairs",
    zh="每一块都从传入的 `best` 开始，前面各块找到的就丢了：要从上一块的结果开始。",
    en="Each chunk begins with the `best` that was given, and what the chunks before it found is lost: begin with their result.",
)
def each_chunk_from_the_start(matrix, tiles, pairs, best):
    result = best.clone()
    for some in pairs.split(max(1, solutions.CHUNK // 2 // (tiles.shape[1] * matrix.shape[2])), dim=1):
        result = solutions.best_of_pairs(matrix, tiles, some, best)
    return result


@mistake(
    "best_of_pairs",
    zh="已有的 `best` 丢了：新找到的要与它比大小。",
    en="What `best` had is lost: compare what you find with it.",
)
def what_was_there_is_lost(matrix, tiles, pairs, best):
    return solutions.best_of_pairs(matrix, tiles, pairs, torch.zeros_like(best))


@mistake(
    "best_of_pairs",
    zh="各对的 `nearness` 加起来了：要取最大的，不是求和。",
    en="The `nearness` of all pairs is summed: take the largest.",
)
def nearness_summed(matrix, tiles, pairs, best):
    found = found_in(matrix, tiles, pairs)
    return best.scatter_add(0, pairs[0, :, None].expand_as(found), found)


@mistake(
    "best_of_pairs",
    zh="`best` 被就地改动了：返回一个新张量，用没有下划线的 `scatter_reduce`。",
    en="`best` was changed in place: return a new tensor, by `scatter_reduce` without an underscore.",
)
def best_in_place(matrix, tiles, pairs, best):
    return best.copy_(solutions.best_of_pairs(matrix, tiles, pairs, best))


@mistake(
    "best_of_pairs",
    zh="`nearness` 是距离的倒数：最近的是最大的，`amin` 取的是最远的，或者没碰到的 0。",
    en="`nearness` is one over the distance, so the closest is the largest; `amin` takes the farthest, or the 0 of a miss.",
)
def farthest_of_pairs(matrix, tiles, pairs, best):
    found = solutions.nearness(tiles[pairs[0]], matrix[pairs[1]]).amin(dim=-1)
    return best.scatter_reduce(0, pairs[0, :, None].expand_as(found), found, "amax")


@mistake(
    "best_of_pairs",
    zh="小片和簇弄反了：`pairs` 的第一行是小片的编号。",
    en="Tiles and clusters are exchanged: the first row of `pairs` numbers the tiles.",
)
def clusters_for_tiles(matrix, tiles, pairs, best):
    return solutions.best_of_pairs(matrix, tiles, pairs.flip(0), best)


@mistake(
    "best_of_pairs",
    zh="一对也没有时出错了：这时返回与 `best` 相等的张量。",
    en="Without pairs it ends in an error: then return what `best` holds.",
)
def no_pairs_no_best(matrix, tiles, pairs, best):
    if not pairs.shape[1]:
        raise IndexError("no pairs")
    return solutions.best_of_pairs(matrix, tiles, pairs, best)


def two_levels(rays, triangles, tile, cluster, narrow=False, overwrite=False, first_only=False):
    """Tiles against clusters, in one round, with one step changed."""
    solutions.require_finite(rays=rays, triangles=triangles)
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    if not len(rays) or not len(triangles):
        return distance
    directions, near = solutions.unit(rays[:, 1]), triangles - solutions.shared_origin(rays)
    members, parts = solutions.groups(directions, tile), solutions.groups(near.mean(dim=1), cluster)
    tiles, corners = directions[members], near[parts].flatten(1, 2)
    matrix = solutions.edge_matrix(near)[:, parts].transpose(0, 1)
    axis, cos = solutions.cones(tiles)
    around = solutions.cones(solutions.unit(corners.flatten(0, 1)).view_as(corners))
    i, j = solutions.overlaps((axis, torch.ones_like(cos) if narrow else cos), around)
    at_least = (corners @ around[0][:, :, None]).amin(dim=(1, 2))
    order = at_least[j].argsort(stable=True)
    i, j = i[order], j[order]
    best = torch.zeros_like(tiles[..., 0])
    if overwrite or first_only:
        for tile_index, block in zip(i.tolist(), matrix[j], strict=True):
            found = solutions.nearness(tiles[tile_index], block).amax(dim=-1)
            if not (first_only and best[tile_index].any()):
                best[tile_index] = found if overwrite else torch.maximum(best[tile_index], found)
    else:
        best = solutions.best_of_pairs(matrix, tiles, torch.stack([i, j]), best)
    distance[members] = 1 / best
    return distance


@mistake(
    "raytrace_two_level",
    zh="圆锥只剩下轴，没有宽度：边上的光线会漏掉三角形。",
    en="Of the cone only the axis is left: rays at a tile's edge lose their triangles.",
)
def axis_only(rays, triangles, tile=32, cluster=32, rounds=4):
    return two_levels(rays, triangles, tile, cluster, narrow=True)


@mistake(
    "raytrace_two_level",
    zh='同一小片在许多对里出现，后面的盖掉了前面的：用 `scatter_reduce_(..., "amax")`。',
    en='A tile is in many pairs, and the later ones overwrite: use `scatter_reduce_(..., "amax")`.',
)
def last_pair_wins(rays, triangles, tile=32, cluster=32, rounds=4):
    return two_levels(rays, triangles, tile, cluster, overwrite=True)


@mistake(
    "raytrace_two_level",
    zh="小片里有一条光线碰到了，别的光线就不再找了：它们还没有找到最近的。",
    en="Once any ray of a tile has hit, the others look no further, before they have found their closest.",
)
def stops_too_early(rays, triangles, tile=32, cluster=32, rounds=4):
    return two_levels(rays, triangles, tile, cluster, first_only=True)


@mistake(
    "raytrace_two_level",
    zh="结果还是小片的顺序：写回 `distance[members]`。",
    en="The result is still in the order of the tiles: write it back with `distance[members]`.",
)
def order_of_the_tiles(rays, triangles, tile=32, cluster=32, rounds=4):
    distance = solutions.raytrace_two_level(rays, triangles, tile, cluster)
    order = solutions.groups(rays[:, 1], tile).flatten() if len(rays) else []
    return distance[order][: len(rays)]


def in_rounds(rays, triangles, tile, cluster, rounds, drop_last=False, sees=torch.amin):
    """The rounds of the solution; the pairs left over may be lost, and `sees` gives one best for each tile."""
    solutions.require_finite(rays=rays, triangles=triangles)
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    if not len(rays) or not len(triangles):
        return distance
    levels = solutions.two_levels(rays, triangles, tile, cluster)
    pairs = levels.pairs[:, levels.at_least[levels.pairs[1]].argsort()]
    best = torch.zeros_like(levels.tiles[..., 0])
    if drop_last:
        pairs = pairs[:, : max(1, pairs.shape[1] // rounds) * rounds]
    for some in pairs.tensor_split(rounds, dim=1):
        hidden = levels.at_least[some[1]] * sees(best, dim=1)[some[0]] > 1.001
        best = solutions.best_of_pairs(levels.matrix, levels.tiles, some[:, ~hidden], best)
    distance[levels.members] = 1 / best
    return distance


@mistake(
    "raytrace_two_level",
    zh="对数不能被 `rounds` 整除时，剩下的几对没有算：用 `tensor_split(rounds, dim=1)` 来切。",
    en="Where `rounds` does not divide the number of pairs, the last few are never computed: cut them with `tensor_split(rounds, dim=1)`.",
)
def last_pairs_lost(rays, triangles, tile=32, cluster=32, rounds=6):
    return in_rounds(rays, triangles, tile, cluster, rounds, drop_last=True)


@mistake(
    "raytrace_two_level",
    zh="你按小片里 `best` 的平均值略过簇：看得最远的光线说了算，要用最小的 `best`。",
    en="You skip a cluster by the mean `best` of a tile: what counts is the ray that sees farthest, so take the smallest `best`.",
)
def skipped_by_the_mean(rays, triangles, tile=32, cluster=32, rounds=6):
    return in_rounds(rays, triangles, tile, cluster, rounds, sees=torch.mean)


@mistake(
    "raytrace_two_level",
    zh="每一对都算了：先用 `overlaps` 略去碰不到的簇。",
    en="Every pair is computed: first let `overlaps` skip the clusters that can't be met.",
)
def brute_force(rays, triangles, tile=32, cluster=32, rounds=4):
    return solutions.raytrace_edges(rays, triangles)


@mistake(
    "raytrace_two_level",
    zh="没有光线时出错了：这时结果是空的张量。",
    en="Without rays it ends in an error: then the result is an empty tensor.",
)
def two_levels_without_rays(rays, triangles, tile=32, cluster=32, rounds=4):
    if not len(rays):
        raise IndexError("no rays")
    return solutions.raytrace_two_level(rays, triangles, tile, cluster)


@mistake(
    "raytrace_two_level",
    zh="没有三角形时出错了：这时每条光线的距离都是无穷大。",
    en="Without triangles it ends in an error: then every ray's distance is infinity.",
)
def two_levels_without_triangles(rays, triangles, tile=32, cluster=32, rounds=4):
    if not len(triangles):
        raise IndexError("no triangles")
    return solutions.raytrace_two_level(rays, triangles, tile, cluster)


@mistake(
    "raytrace_two_level",
    zh="结果要与 `rays` 的 dtype 相同：`torch.full` 和 `torch.zeros` 造的是 float32。",
    en="The result has the dtype of `rays`: `torch.full` and `torch.zeros` make float32.",
)
def two_levels_in_float32(rays, triangles, tile=32, cluster=32, rounds=4):
    return solutions.raytrace_two_level(rays, triangles, tile, cluster).float()


@mistake(
    "raytrace_two_level",
    zh="`best` 是距离的倒数：最后还要 `1 / …`。",
    en="`best` is one over the distance: `1 / …` is missing at the end.",
)
def two_levels_inverted(rays, triangles, tile=32, cluster=32, rounds=4):
    return 1 / solutions.raytrace_two_level(rays, triangles, tile, cluster)


@mistake(
    "raytrace_two_level",
    zh="起点不同时应当报错，哪怕只差一点，不能悄悄画错：先用 `shared_origin`。",
    en="Several origins must be an error, however little they differ, or the picture is wrong and nothing tells you: ask `shared_origin` first.",
)
def two_levels_unchecked(rays, triangles, tile=32, cluster=32, rounds=4):
    solutions.require_finite(rays=rays, triangles=triangles)
    origins = rays[:1, :1].expand(len(rays), 1, 3)
    return solutions.raytrace_two_level(torch.cat([origins, rays[:, 1:]], dim=1), triangles, tile, cluster)
