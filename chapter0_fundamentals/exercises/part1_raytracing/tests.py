"""One test per exercise of day 1; each is called from its cell, and collected by pytest."""

import inspect
import itertools
import math
from fractions import Fraction

import torch
from torch.overrides import TorchFunctionMode

from coach import case, close, holds, judged, raises, without
from coach.judging.compare import OBSERVERS

# A small reference, with Python's floats: Cramer's rule, one ray and one triangle at a time.


def det3(a, b, c):
    """The determinant of the matrix with columns a, b and c."""
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1])


def reference_hit(A, B, C, O, D):
    """The ray's parameter where it meets the triangle, or None."""
    A, B, C, O, D = (x.tolist() for x in (A, B, C, O, D))
    back, ab, ac, ao = [-d for d in D], *([q - p for p, q in zip(A, X, strict=True)] for X in (B, C, O))
    det = det3(back, ab, ac)
    if abs(det) <= 1e-6 * math.hypot(*D) * math.hypot(*ab) * math.hypot(*ac):
        return None
    s, u, v = det3(ao, ab, ac) / det, det3(back, ao, ac) / det, det3(back, ab, ao) / det
    return s if s >= 0 and u >= 0 and v >= 0 and u + v <= 1 else None


def reference_distance(ray, triangles):
    """The distance along `ray` to the closest of `triangles`, infinity where there is none."""
    hits = [reference_hit(*triangle, *ray) for triangle in triangles]
    return min((s * math.hypot(*ray[1].tolist()) for s in hits if s is not None), default=math.inf)


def reference_distances(rays, triangles):
    return torch.tensor([reference_distance(ray, triangles) for ray in rays])


def random_scene(nrays, ntriangles, seed):
    """Rays from near 0 in all directions of length about 2, and triangles on every side."""
    torch.manual_seed(seed)
    return torch.randn(nrays, 2, 3) * torch.tensor([[0.3], [1.5]]), torch.randn(ntriangles, 3, 3) * 2


def float_tensor(values):
    return torch.tensor(values, dtype=torch.float32)


def distances(got, expected):
    """`got` agrees with `expected` in all its digits, also where both are tiny."""
    close(got, expected, rtol=1e-3, atol=1e-9)


def beside(function, name):
    """The other function that the exercise asks for, from the file of `function`; None where that stands alone.

    None, too, while a wrong answer is held against known ones: those have no file of their own.
    """
    return None if OBSERVERS else getattr(inspect.unwrap(function), "__globals__", {}).get(name)


@judged
def test_make_rays_1d(make_rays_1d):
    expected = torch.tensor([[[0.0, 0, 0], [1, -2, 0]], [[0, 0, 0], [1, 0, 0]], [[0, 0, 0], [1, 2, 0]]])
    close(make_rays_1d(3, 2.0), expected)
    close(make_rays_1d(4, 1.8375), float_tensor([[[0, 0, 0], [1, y, 0]] for y in (-1.8375, -0.6125, 0.6125, 1.8375)]))
    close(make_rays_1d(1, 3.0), float_tensor([[[0, 0, 0], [1, -3, 0]]]))
    close(make_rays_1d(0, 1.0), torch.zeros(0, 2, 3))


IN_CHINESE = {
    "in the middle": "正中",
    "behind the eye": "在眼睛后面",
    "before the first end": "在第一个端点之外",
    "beyond the second end": "在第二个端点之外",
    "from an origin that is not 0": "起点不在原点，碰到",
    "missed because the origin is not 0": "起点不在原点，碰不到",
    "at the first end": "正好在第一个端点",
    "at the second end": "正好在第二个端点",
    "at the origin of the ray": "就在光线的起点上",
    "nearer than the screen": "比屏幕还近",
    "from below to above": "行列式的符号相反",
    "tiny, not singular": "很小，但不奇异",
    "parallel, beside it": "平行，在旁边",
    "parallel, on one line": "平行，在同一直线上",
    "at another height": "高度不同",
    "far above": "高处",
    "large, and met by a long direction": "很长，方向也很长",
    "short, at a small angle to the ray": "很短，与光线的夹角很小",
    "far away, at an angle": "很远，而且是斜的",
    "a direction of length zero": "方向的长度为零",
    "a segment of length zero": "线段的长度为零",
    "well inside": "在内部",
    "its plane is crossed at u < 0": "穿过平面处 u < 0",
    "its plane is crossed at v < 0": "穿过平面处 v < 0",
    "its plane is crossed at u + v > 1, with u and v < 1": "穿过平面处 u + v > 1，而 u、v 都小于 1",
    "at corner A": "正好在顶点 A",
    "at corner B": "正好在顶点 B",
    "at corner C": "正好在顶点 C",
    "on the edge AB": "正好在边 AB 上",
    "at the very origin of the ray": "就在光线的起点上",
    "hit by a long direction, before its end": "方向很长，还没到头就碰到",
    "seen from its other side": "从另一面看",
    "parallel to the ray": "与光线平行",
    "just before the first end": "刚好在第一个端点之外",
    "just beyond the second end": "刚好在第二个端点之外",
    "just behind the eye": "刚好在眼睛后面",
    "far away": "很远",
    "missed by a little at u < 0": "在 u < 0 处擦过",
    "missed by a little at v < 0": "在 v < 0 处擦过",
    "missed by a little at u + v > 1": "在 u + v > 1 处擦过",
    "touched at an edge": "碰到一条棱",
    "passed by a little at an edge": "从一条棱旁擦过",
    "left by the face where it starts": "起点就在离开的那一面上",
    "parallel, on one line, and rounded": "平行，在同一直线上，坐标有舍入",
    "short, and met by a long direction": "很短，而方向很长",
    "at a small angle to the ray": "与光线的夹角很小",
    "parallel to the ray, and rounded": "与光线平行，坐标有舍入",
    "degenerate, and rounded": "退化，坐标有舍入",
    "on the edge AC": "正好在边 AC 上",
    "on the edge BC": "正好在边 BC 上",
    "holding the whole ray": "整条光线都在平面里",
    "degenerate: three corners on one line": "退化：三个顶点在一条线上",
    "met by a direction of length zero": "方向的长度为零",
    "through the middle": "从中间穿过",
    "backwards in every axis": "三个方向都是反的",
    "its way goes past in y only": "只在 y 方向上错过",
    "its way goes past in z only": "只在 z 方向上错过",
    "the box is behind": "盒子在后面",
    "it starts inside": "从盒子里面出发",
    "parallel to x, within the others": "平行于 x 轴，另外两个方向在范围内",
    "parallel to x, outside in y": "平行于 x 轴，y 在范围外",
    "parallel to x, along a face": "平行于 x 轴，贴着一个面",
    "parallel to x, along an edge, with -0.0": "平行于 x 轴，贴着一条棱，分量是 -0.0",
    "parallel to y and outside, backwards": "平行于 y 轴，在外面，方向相反",
    "short, before the box": "方向很短，到不了盒子（光线仍会继续）",
    "very short": "方向极短",
    "from far away": "从很远的地方来",
    "with one long edge and one short": "一条边很长，一条很短",
    "no direction, outside": "没有方向，在外面",
    "no direction, inside": "没有方向，在里面",
}

TINY = 2.0**-19  # a power of two: what is scaled by it is rounded no more than before
SLOPE = 2.0**-17  # the sine of a small angle, 8 times SINGULAR
A_LITTLE = 2.0**-14  # more than rounding
BIT, STEP = 0.5 + 2.0**-10, 2.0**-23  # a little above 1/2; what a float32 there can still tell apart

# (what it is, ray, segment, whether they meet)
SEGMENT_CASES = [
    ("in the middle", [[0, 0, 0], [1, 1, 0]], [[3, 0, 0], [0, 3, 0]], True),
    ("behind the eye", [[0, 0, 0], [1, 0, 0]], [[-2, -1, 0], [-2, 1, 0]], False),
    ("before the first end", [[0, 0, 0], [1, -1, 0]], [[2, 0, 0], [2, 1, 0]], False),
    ("beyond the second end", [[0, 0, 0], [1, 1, 0]], [[2, 0, 0], [2, 1, 0]], False),
    ("from an origin that is not 0", [[1, -1, 0], [0, 2, 0]], [[0.5, 2, 0], [3, 2, 0]], True),
    ("missed because the origin is not 0", [[9, 0, 0], [0, 2, 0]], [[-1, 4, 0], [1, 4, 0]], False),
    ("at the first end", [[0, 0, 0], [2, -1, 0]], [[4, -2, 0], [4, 3, 0]], True),
    ("at the second end", [[0, 0, 0], [2, 1, 0]], [[4, -3, 0], [4, 2, 0]], True),
    ("at the origin of the ray", [[1, 1, 0], [1, 0, 0]], [[1, 0, 0], [1, 3, 0]], True),
    ("nearer than the screen", [[0, 0, 0], [1, 0, 0]], [[0.5, -1, 0], [0.5, 2, 0]], True),
    ("from below to above", [[0, 0, 0], [1, 1, 0]], [[0, 3, 0], [3, 0, 0]], True),
    ("tiny, not singular", [[0, 0, 0], [1.02e-6, 0, 0]], [[1.02e-6, -1.04e-6, 0], [1.02e-6, 1.2e-6, 0]], True),
    ("just before the first end", [[0, 0, 0], [1, -A_LITTLE, 0]], [[2, 0, 0], [2, 1, 0]], False),
    ("just beyond the second end", [[0, 0, 0], [1, 1 + A_LITTLE, 0]], [[2, 0, 0], [2, 2, 0]], False),
    ("just behind the eye", [[1 + A_LITTLE, 1, 0], [1, 0, 0]], [[1, 0, 0], [1, 3, 0]], False),
    ("far away", [[0, 0, 0], [TINY, 0, 0]], [[2, -1, 0], [2, 3, 0]], True),
    ("short, and met by a long direction", [[0, 0, 0], [2e4, 2e4, 0]], [[0.999, 1.001, 0], [1.001, 0.999, 0]], True),
    ("at a small angle to the ray", [[0, 0, 0], [1, 0, 0]], [[0.5, -SLOPE, 0], [2.5, SLOPE, 0]], True),
    ("parallel, on one line, and rounded", [[0, 0, 0], [0.1, 0.7, 0]], [[0.2, 1.4, 0], [0.5, 3.5, 0]], False),
    ("parallel, beside it", [[0, 0, 0], [1, 2, 0]], [[1, 0, 0], [2, 2, 0]], False),
    ("parallel, on one line", [[0, 0, 0], [1, 2, 0]], [[1, 2, 0], [2, 4, 0]], False),
    ("at another height", [[0, 0, 5], [1, 1, 3]], [[3, 0, -1], [0, 3, -7]], True),
    ("large, and met by a long direction", [[0, 0, 0], [2e4, 2e4, 0]], [[3e4, 0, 0], [0, 3e4, 0]], True),
    ("short, at a small angle to the ray", [[0, 0, 0], [1, 1, 0]], [[0.5, 0.5 - STEP, 0], [BIT, BIT + STEP, 0]], True),
    ("far away, at an angle", [[0, 0, 0], [TINY, 0, 0]], [[2, -1, 0], [10, 1, 0]], True),
    ("far above", [[0, 0, 2e5], [1, 1, 3e5]], [[3, 0, 1e5], [0, 3, 4e5]], True),
    ("a direction of length zero", [[0, 0, 0], [0, 0, 0]], [[1, -1, 0], [1, 1, 0]], False),
    ("a segment of length zero", [[0, 0, 0], [1, 0, 0]], [[1, 0, 0], [1, 0, 0]], False),
]


@judged
def test_intersect_ray_1d(intersect_ray_1d):
    for name, ray, segment, expected in SEGMENT_CASES:
        with case(zh=f"线段{IN_CHINESE[name]}", en=f"a segment {name}"):
            close(intersect_ray_1d(float_tensor(ray), float_tensor(segment)), expected)
    torch.manual_seed(0)
    for ray, segment in torch.randn(30, 2, 2, 3):
        close(intersect_ray_1d(ray, segment), meets(ray, segment))


@judged
def test_intersect_rays_1d(intersect_rays_1d):
    rays = float_tensor([ray for _, ray, _, _ in SEGMENT_CASES])
    for name, _, segment, _ in SEGMENT_CASES:
        segments = float_tensor([segment])
        expected = torch.tensor([meets(ray, segments[0]) for ray in rays])
        with case(zh=f"线段{IN_CHINESE[name]}", en=f"a segment {name}"):
            close(intersect_rays_1d(rays, segments), expected)
    torch.manual_seed(2)
    rays, segments = torch.randn(24, 2, 3), torch.randn(4, 2, 3) * 2  # each segment is the only one that some ray meets
    close(intersect_rays_1d(rays, segments), torch.tensor([any(meets(r, s) for s in segments) for r in rays]))
    close(intersect_rays_1d(rays[:1], segments), torch.tensor([any(meets(rays[0], s) for s in segments)]))
    close(intersect_rays_1d(rays, segments[:0]), torch.zeros(24, dtype=torch.bool))
    close(intersect_rays_1d(rays[:0], segments), torch.zeros(0, dtype=torch.bool))


def meets(ray, segment):
    """Cramer's rule in the xy plane, in Python's floats."""
    (x1, y1, _), (x2, y2, _) = segment.tolist()
    (ox, oy, _), (dx, dy, _) = ray.tolist()
    det = dx * (y1 - y2) - dy * (x1 - x2)
    if abs(det) <= 1e-6 * math.hypot(dx, dy) * math.hypot(x1 - x2, y1 - y2):
        return False
    u = ((x1 - ox) * (y1 - y2) - (y1 - oy) * (x1 - x2)) / det
    v = (dx * (y1 - oy) - dy * (x1 - ox)) / det
    return u >= 0 and 0 <= v <= 1


@judged
def test_make_rays_2d(make_rays_2d):
    points = itertools.product([-3.0, 0.0, 3.0], [-0.5, 0.5])
    close(make_rays_2d(3, 2, 3.0, 0.5), torch.tensor([[[0, 0, 0], [1, y, z]] for y, z in points]))
    y, z = (torch.linspace(-a, a, n).tolist() for a, n in ((0.7, 5), (2.0, 4)))
    expected = torch.tensor([[[0, 0, 0], [1, y[i], z[j]]] for i in range(5) for j in range(4)])
    close(make_rays_2d(5, 4, 0.7, 2.0), expected)
    close(make_rays_2d(1, 2, 0.7, 2.0), float_tensor([[[0, 0, 0], [1, -0.7, z]] for z in (-2, 2)]))
    close(make_rays_2d(2, 1, 0.7, 2.0), float_tensor([[[0, 0, 0], [1, y, -2]] for y in (-0.7, 0.7)]))
    close(make_rays_2d(0, 3, 1.0, 1.0), torch.zeros(0, 2, 3))
    close(make_rays_2d(3, 0, 1.0, 1.0), torch.zeros(0, 2, 3))


def scaled(values, scale):
    return [scaled(v, scale) for v in values] if isinstance(values, list) else values * scale


# (what it is, triangle, ray, whether they meet)
TRIANGLE = [[2.0, 0, 0], [2, 2, 0], [2, 0, 4]]
SMALL = [[1.0, 0, 0], [1, 1, 0], [1, 0, 1]]
ROUNDED = [[0.1, -0.7, -0.7], [0.5, -1.0, -0.2], [-0.4, -0.3, -0.3]]
ROUNDED_TOO = [[0.6, 0.9, 0.8], [-0.4, 1.2, 1.6], [1.1, 0.8, 1.3]]
ON_ONE_LINE = [[0.1, -0.7, 0.2], [1.0, -0.5, 0.8], [1.9, -0.3, 1.4]]
TRIANGLE_CASES = [
    ("well inside", TRIANGLE, [[0, 0, 0], [2, 0.5, 1]], True),
    ("its plane is crossed at u < 0", TRIANGLE, [[0, 0, 0], [2, -0.5, 1]], False),
    ("its plane is crossed at v < 0", TRIANGLE, [[0, 0, 0], [2, 0.5, -1]], False),
    ("its plane is crossed at u + v > 1, with u and v < 1", TRIANGLE, [[0, 0, 0], [2, 1.25, 2.5]], False),
    ("behind the eye", [[-2, 0, 0], [-2, 2, 0], [-2, 0, 4]], [[0, 0, 0], [2, -0.5, -1]], False),
    ("at corner A", TRIANGLE, [[0, 0, 0], [1, 0, 0]], True),
    ("at corner B", TRIANGLE, [[0, 0, 0], [1, 1, 0]], True),
    ("at corner C", TRIANGLE, [[0, 0, 0], [1, 0, 2]], True),
    ("on the edge AB", TRIANGLE, [[0, 0, 0], [2, 1, 0]], True),
    ("on the edge AC", TRIANGLE, [[0, 0, 0], [2, 0, 2]], True),
    ("on the edge BC", TRIANGLE, [[0, 0, 0], [2, 1, 2]], True),
    ("from an origin that is not 0", TRIANGLE, [[-2, 3, 5], [4, -2.5, -4]], True),
    ("missed because the origin is not 0", TRIANGLE, [[0, 3, 0], [2, 0.5, 1]], False),
    ("at the very origin of the ray", TRIANGLE, [[2, 0.5, 1], [2, 0, 0]], True),
    ("hit by a long direction, before its end", TRIANGLE, [[0, 0, 0], [20, 5, 10]], True),
    ("seen from its other side", TRIANGLE, [[4, 0, 0], [-2, 0.5, 1]], True),
    ("parallel to the ray", TRIANGLE, [[1, 0, 0], [0, 1, 1]], False),
    ("holding the whole ray", TRIANGLE, [[2, 0.1, 0.1], [0, 1, 1]], False),
    ("degenerate: three corners on one line", [[2, 0, 0], [2, 1, 0], [2, 3, 0]], [[0, 0, 0], [2, 1, 0]], False),
    ("met by a direction of length zero", TRIANGLE, [[0, 0, 0], [0, 0, 0]], False),
    ("missed by a little at u < 0", TRIANGLE, [[0, 0, 0], [2, -A_LITTLE, 1]], False),
    ("missed by a little at v < 0", TRIANGLE, [[0, 0, 0], [2, 1, -A_LITTLE]], False),
    ("missed by a little at u + v > 1", TRIANGLE, [[0, 0, 0], [2, 1, 2 + 4 * A_LITTLE]], False),
    ("just behind the eye", TRIANGLE, [[2 + A_LITTLE, 0.5, 1], [2, 0, 0]], False),
    ("far away", TRIANGLE, [[0, 0, 0], scaled([4, 1, 2], TINY)], True),
    ("far away, at an angle", [[1, 2, -1], [9, 8, -1], [1, 2, 3]], [[0, 0, 0], [TINY, TINY, 0]], True),
    (
        "with one long edge and one short",
        [[2, 0, 0], [2, 512, 0], [2, 0, 512 * A_LITTLE]],
        [[0, 0, 0], [2, 128, 128 * A_LITTLE]],
        True,
    ),
    ("large, and met by a long direction", scaled(TRIANGLE, 1e3), [[0, 0, 0], [2e4, 5e3, 1e4]], True),
    ("tiny, not singular", scaled(SMALL, TINY), [[0, 0, 0], scaled([4, 1, 2], TINY)], True),
    ("short, and met by a long direction", scaled(TRIANGLE, 1e-4), [[0, 0, 0], [2e4, 5e3, 1e4]], True),
    ("at a small angle to the ray", [[0, -1, 0], [4, -1, 0], [0, 3, 0]], [[1, 0, SLOPE], [1, 0, -SLOPE]], True),
    ("parallel to the ray, and rounded", ROUNDED, [[-0.075, -0.575, -1.175], [0.3, -0.2, 1.4]], False),
    ("parallel to the ray, and rounded", ROUNDED_TOO, [[1.225, 0.7, 0.075], [-1.5, 0.5, 2.1]], False),
    ("degenerate, and rounded", ON_ONE_LINE, [[0, 0, 0], [1.55, -1.1, 1.3]], False),
]
DEGENERATE = [case[1] for case in TRIANGLE_CASES if case[0].startswith("degenerate")]


@judged
def test_triangle_ray_intersects(triangle_ray_intersects):
    for name, triangle, ray, expected in TRIANGLE_CASES:
        with case(zh=f"三角形{IN_CHINESE[name]}", en=f"a triangle {name}"):
            close(triangle_ray_intersects(*float_tensor(triangle), *float_tensor(ray)), expected)
    for (O, D), triangle in zip(*random_scene(40, 40, seed=1), strict=True):
        close(triangle_ray_intersects(*triangle, O, D), reference_hit(*triangle, O, D) is not None)  # type: ignore


@judged
def test_raytrace_triangle(raytrace_triangle):
    rays = float_tensor([ray for _, _, ray, _ in TRIANGLE_CASES])
    for name, triangle, _, _ in TRIANGLE_CASES:
        triangle = float_tensor(triangle)
        expected = torch.tensor([reference_hit(*triangle, *ray) is not None for ray in rays])
        with case(zh=f"三角形{IN_CHINESE[name]}", en=f"a triangle {name}"):
            close(raytrace_triangle(rays, triangle), expected)
    rays, triangles = random_scene(60, 3, seed=1)
    for triangle in triangles:
        expected = torch.tensor([reference_hit(*triangle, *ray) is not None for ray in rays])
        close(raytrace_triangle(rays, triangle), expected)
    close(raytrace_triangle(rays[:0], triangles[0]), torch.zeros(0, dtype=torch.bool))


@judged
def test_raytrace_triangle_with_bug_rays(raytrace_triangle_with_bug):
    rays = float_tensor([[[0, 0, 0], [2, 0.5, 1]], [[0, 0, 0], [2, -0.5, 1]], [[0, 0, 0], [2, 0.25, 1]]])
    close(raytrace_triangle_with_bug(rays, float_tensor(TRIANGLE)), torch.tensor([True, False, True]))


@judged
def test_raytrace_triangle_with_bug_edge(raytrace_triangle_with_bug):
    for direction, expected in (([2, 1.5, 3], False), ([2, 0.9, 1.9], True), ([2, 1.9, 3.9], False)):
        ray = float_tensor([[[0, 0, 0], direction]])
        close(raytrace_triangle_with_bug(ray, float_tensor(TRIANGLE)), torch.tensor([expected]))
    check_alone(raytrace_triangle_with_bug, [case for case in TRIANGLE_CASES if not any(case[2][0])])


def check_alone(function, cases):
    for name, triangle, ray, expected in cases:
        with case(zh=f"三角形{IN_CHINESE[name]}", en=f"a triangle {name}"):
            close(function(float_tensor([ray]), float_tensor(triangle)), torch.tensor([expected]))


@judged
def test_raytrace_triangle_with_bug_origin(raytrace_triangle_with_bug):
    for ray, expected in (([[-2, 0, 0], [4, 0.5, 1]], True), ([[0, 3, 0], [2, 0.5, 1]], False)):
        close(raytrace_triangle_with_bug(float_tensor([ray]), float_tensor(TRIANGLE)), torch.tensor([expected]))
    check_alone(raytrace_triangle_with_bug, [case for case in TRIANGLE_CASES if any(case[2][0])])


@judged
def test_raytrace_mesh(raytrace_mesh):
    ahead = torch.eye(3)[0].expand(3, 3) * torch.tensor([[[2.0]], [[5.0]], [[3.0]]])
    triangles = ahead + float_tensor([[0, -1, -1], [0, 3, -1], [0, -1, 3]])  # three walls, the nearest first
    ray = float_tensor(
        [[[0, 0, 0], [1, 0, 0]], [[1, 0, 0], [4, 0, 0]], [[0, 0, 0], [-1, 0, 0]], [[4, 0, 0], [1, 0.5, 0]]]
    )
    close(raytrace_mesh(ray, triangles), torch.tensor([2, 1, math.inf, math.hypot(1, 0.5)]))  # by hand
    check_cases(raytrace_mesh, TRIANGLE_CASES)
    check_scenes(raytrace_mesh, *random_scene(20, 9, seed=2))


def check_cases(trace, cases):
    for name, triangle, ray, _ in cases:
        ray, triangle = float_tensor([ray]), float_tensor([triangle])
        expected = reference_distances(ray, triangle)
        with case(zh=f"三角形{IN_CHINESE[name]}", en=f"a triangle {name}"):
            distances(trace(ray, triangle), expected)


def check_scenes(trace, rays, triangles):
    """A random scene, in other sizes and with other lengths of its directions; none of either; NaN and infinity."""
    expected = reference_distances(rays, triangles)
    distances(trace(rays, triangles), expected)
    for scale in (2.0**-14, 2.0**17):
        with case(zh=f"整个场景放大到 {scale:.0e} 倍", en=f"the whole scene {scale:.0e} times as large"):
            distances(trace(rays * scale, triangles * scale), expected * scale)
    for length in (1e-5, 1e5):
        with case(zh=f"方向的长度放大到 {length:.0e} 倍", en=f"directions {length:.0e} times as long"):
            distances(trace(rays * torch.tensor([[1.0], [length]]), triangles), expected)
    close(trace(rays, triangles[:0]), torch.full((len(rays),), math.inf))
    close(trace(rays[:0], triangles), torch.zeros(0))
    for bad in (math.nan, math.inf):
        raises(ValueError, trace, torch.where(rays == rays[1, 1, 2], bad, rays), triangles)
        raises(ValueError, trace, rays, torch.where(triangles == triangles[2, 0, 1], bad, triangles))


@judged(skip=dict.fromkeys(("repeat", "strided", "float64"), "the battery copies arguments, and this is about memory"))
def test_shares_storage(shares_storage):
    x, other = torch.arange(6.0).reshape(2, 3), torch.arange(6.0).reshape(2, 3)
    close(shares_storage(x, x), True)
    close(shares_storage(x, x.T), True)
    close(shares_storage(x[0], x[1]), True)  # different parts of one block
    close(shares_storage(x[1:], x), True)
    close(shares_storage(x, other), False)  # equal values, two blocks
    close(shares_storage(x, x.clone()), False)
    close(shares_storage(x, x.view(torch.int32)), True)  # another dtype
    close(shares_storage(x.detach(), x[:, 1:]), True)  # neither is the other's base
    close(shares_storage(x[:1], x.clone()[:1]), False)
    close(shares_storage(torch.empty(0), torch.empty(0)), False)


@judged
def test_view_or_copy(view_or_copy):
    x = torch.tensor([[1.0, -2, 3], [4, 5, -6]])
    results = {
        "x[0]": x[0],
        "x[[0]]": x[[0]],
        "x[x > 0]": x[x > 0],
        "x.T": x.T,
        "x.reshape(6)": x.reshape(6),
        "x.T.reshape(6)": x.T.reshape(6),
        "x.contiguous()": x.contiguous(),
        "x.T.contiguous()": x.T.contiguous(),
        "x + 0": x + 0,
        "x.expand(4, 2, 3)": x.expand(4, 2, 3),
        "x.to(torch.float32)": x.to(torch.float32),
        "x.clone()": x.clone(),
        'einops.rearrange(x, "a b -> b a")': x.T,
        'einops.rearrange(x, "a b -> (b a)")': x.T.reshape(-1),
    }
    expected = {key: y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr() for key, y in results.items()}
    predicted = view_or_copy()
    close(sorted(predicted), sorted(expected))
    for key, answer in expected.items():
        zh = f"`{key}` 与你猜的不同：写两行代码试试，看改动会不会传回 `x`"
        en = f"`{key}` is not what you guessed: try it in two lines, and see whether a change reaches `x`"
        with case(zh=zh, en=en):
            close(predicted[key], answer)


@judged(gradients="theta")
def test_rotation_matrix(rotation_matrix):
    spun = torch.linalg.matrix_exp(-0.4 * torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 0]]))
    close(rotation_matrix(torch.tensor(-0.4)), spun)
    quarter = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    close(rotation_matrix(torch.tensor(math.pi / 2)), quarter)  # x goes to y
    close(rotation_matrix(torch.tensor(0.0)), torch.eye(3))
    for theta in (2.5, -4.0):  # the cosine is negative
        spun = torch.linalg.matrix_exp(theta * torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 0]]))
        close(rotation_matrix(torch.tensor(theta)), spun)


@judged
def test_raytrace_mesh_video(raytrace_mesh_video):
    rays, triangles = random_scene(15, 5, seed=3)
    turn = torch.tensor([[0.7, -0.8, 0.1], [0.6, 0.9, -0.2], [-0.3, 0.1, 1.2]])  # no rotation: it may be any matrix
    expected, turned = [], triangles
    for _ in range(4):
        expected.append(reference_distances(rays, turned))
        turned = torch.stack([torch.stack([turn @ corner for corner in triangle]) for triangle in turned])
    close(raytrace_mesh_video(rays, triangles, turn, 4), torch.stack(expected), rtol=1e-3)
    close(raytrace_mesh_video(rays, triangles, turn, 1), expected[0][None], rtol=1e-3)


def intersects(rule=""):
    """A right `triangle_ray_intersects`, or one with one thing wrong; in fractions, so that nothing is rounded."""

    def triangle_ray_intersects(A, B, C, O, D):
        A, B, C, O, D = ([Fraction(x) for x in point.tolist()] for point in (A, B, C, O, D))
        O = [0 * x for x in O] if rule == "origin" else O
        back = D if rule == "sign" else [-x for x in D]
        ab, ac, ao = ([q - p for p, q in zip(A, X, strict=True)] for X in (B, C, O))
        columns = list(zip(back, ab, ac, strict=True)) if rule == "rows" else [back, ab, ac]
        det = det3(*columns)
        size = 1 if rule == "units" else math.prod(sum(x * x for x in column) for column in columns)
        if det**2 <= Fraction(1, 10**12) * size:
            return rule == "parallel"
        s, u, v = (det3(*columns[:i], ao, *columns[i + 1 :]) / det for i in range(3))  # type: ignore
        if rule == "border":
            return s >= 0 and u > 0 and v > 0 and u + v < 1
        ahead, right, up = (s >= 0 or rule == "behind"), (u >= 0 or rule == "u"), (v >= 0 or rule == "v")
        return ahead and right and up and (max(u, v) <= 1 if rule == "sum" else u + v <= 1)

    return triangle_ray_intersects


WRONG_RULES = {
    "behind": ("少了 `s >= 0`", "`s >= 0` is missing"),
    "u": ("少了 `u >= 0`", "`u >= 0` is missing"),
    "v": ("少了 `v >= 0`", "`v >= 0` is missing"),
    "sum": ("`u + v <= 1` 写成了 `u <= 1` 和 `v <= 1`", "`u <= 1` and `v <= 1` stand for `u + v <= 1`"),
    "border": ("边和角不算", "edges and corners don't count"),
    "origin": ("光线总从原点出发", "every ray starts at 0"),
    "units": ("`|det| <= 1e-6` 就算平行", "it calls them parallel when `|det| <= 1e-6`"),
    "parallel": ("平行也算碰到", "a parallel ray counts as a hit"),
    "rows": ("向量作了矩阵的行", "the vectors are the rows of its matrix"),
    "sign": ("`-D` 写成了 `D`", "`D` stands for `-D`"),
}


@judged
def test_my_triangle_test(my_triangle_test):
    try:
        my_triangle_test(intersects())
    except AssertionError as error:
        zh = f"你的测试不认正确的函数：{error or '断言失败'}"
        holds(False, zh=zh, en=f"your test rejects a right function: {error or 'its assertion fails'}")
    for rule, (zh, en) in WRONG_RULES.items():
        try:
            my_triangle_test(intersects(rule))
        except AssertionError:
            continue
        holds(False, zh=f"你的测试放过了一个错的函数：{zh}", en=f"your test lets a wrong function pass: {en}")


class Work(TorchFunctionMode):
    """What torch makes meanwhile: the elements of the largest block besides `given`, and those of all results."""

    def __init__(self, *given):
        super().__init__()
        self.largest = self.total = 0
        self.given = {x.untyped_storage().data_ptr() for x in given}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for x in result if isinstance(result, list | tuple) else [result]:
            if isinstance(x, torch.Tensor) and x.untyped_storage().data_ptr() not in self.given:
                self.largest = max(self.largest, x.untyped_storage().nbytes() // x.element_size())
                self.total += x.numel()
        return result


def reference_normal(A, B, C):
    """The unit normal in Python's floats."""
    (a, b, c), (d, e, f) = (B - A).tolist(), (C - A).tolist()
    normal = b * f - c * e, c * d - a * f, a * e - b * d
    return [x / math.hypot(*normal) for x in normal]


def reference_shade(direction, normal, light, ambient, diffuse):
    """Lambert's law for one ray in Python's floats."""
    direction, light = direction.tolist(), light.tolist()
    if sum(d * n for d, n in zip(direction, normal, strict=True)) > 0:
        normal = [-n for n in normal]
    cos = sum(n * x for n, x in zip(normal, light, strict=True)) / math.hypot(*light)
    return ambient + diffuse * max(0.0, cos)


@judged
def test_normals(normals):
    flat = float_tensor([[[1, 1, 5], [3, 1, 5], [1, 4, 5]], [[1, 4, 5], [3, 1, 5], [1, 1, 5]]])
    close(normals(flat), float_tensor([[0, 0, 1], [0, 0, -1]]))  # anticlockwise from above, and clockwise
    _, triangles = random_scene(0, 7, seed=4)
    close(normals(triangles), torch.tensor([reference_normal(*triangle) for triangle in triangles]))
    for n in (1, 3):  # an axis of length 3 may be taken for that of the coordinates
        close(normals(triangles[:n]), torch.tensor([reference_normal(*triangle) for triangle in triangles[:n]]))
    for scale in (2.0**-14, 2.0**17):  # tiny, not degenerate
        with case(zh=f"大小乘以 {scale:.0e}", en=f"of {scale:.0e} times the size"):
            close(normals(triangles[:1] * scale), torch.tensor([reference_normal(*triangles[0])]))
    with case(zh="很小的三角形", en="a tiny triangle"):
        close(normals(float_tensor([SMALL]) * TINY), float_tensor([[1, 0, 0]]))
    with case(zh="很扁的三角形", en="a very flat triangle"):
        close(normals(float_tensor([[[0, 0, 0], [1, 0, 0], [1, SLOPE, 0]]])), float_tensor([[0, 0, 1]]))
    with case(zh="一条边很长，一条很短", en="one long edge and one short"):
        close(normals(float_tensor([[[0, 0, 0], [1024, 0, 0], [0, A_LITTLE, 0]]])), float_tensor([[0, 0, 1]]))
    with case(zh="三个顶点在一条线上", en="three corners on one line"):
        close(normals(float_tensor([[[1, 2, 3], [2, 3, 4], [4, 5, 6]], [[1, 2, 3]] * 3])), torch.zeros(2, 3))
        close(normals(float_tensor([ON_ONE_LINE, *DEGENERATE])), torch.zeros(1 + len(DEGENERATE), 3))
    close(normals(triangles[:0]), torch.zeros(0, 3))


@judged
def test_shade(shade):
    # (direction, normal, light, expected): ambient is 0.1, diffuse 0.5
    for direction, normal, light, expected in (
        ([2, 0, 0], [-1, 0, 0], [-2, 0, 0], 0.6),  # faces you and the light
        ([2, 0, 0], [1, 0, 0], [-2, 0, 0], 0.6),  # the same, its normal away from you
        ([2, 0, 0], [-1, 0, 0], [3, 0, 4], 0.1),  # lit from behind
        ([2, 0, 0], [-1, 0, 0], [-3, 4, 0], 0.4),  # lit from the side: cos is 3/5
    ):
        got = shade(float_tensor([direction]), float_tensor([normal]), float_tensor(light), 0.1, 0.5)
        close(got, torch.tensor([expected]))
    torch.manual_seed(5)
    directions, light = torch.randn(9, 3), torch.tensor([0.8, -1.5, 0.4])
    normals = [reference_normal(*triangle) for triangle in torch.randn(9, 3, 3)]
    expected = [reference_shade(d, n, light, 0.25, 0.7) for d, n in zip(directions, normals, strict=True)]
    close(shade(directions, torch.tensor(normals), light, 0.25, 0.7), torch.tensor(expected))
    bright = [reference_shade(d, n, light, 0.8, 0.9) for d, n in zip(directions, normals, strict=True)]
    close(shade(directions, torch.tensor(normals), light, 0.8, 0.9), torch.tensor(bright))  # some are above 1
    for nowhere in ([0, 0, 0], [1, math.nan, 0], [math.inf, 0, 0]):
        raises(ValueError, shade, directions, torch.tensor(normals), float_tensor(nowhere), 0.25, 0.7)


def reference_lambert(ray, triangles, light, ambient, diffuse):
    hits = [(reference_hit(*triangle, *ray), i) for i, triangle in enumerate(triangles)]
    hits = [(s, i) for s, i in hits if s is not None]
    return (
        reference_shade(ray[1], reference_normal(*triangles[min(hits)[1]]), light, ambient, diffuse)
        if hits
        else math.nan
    )


@judged
def test_raytrace_mesh_lambert(raytrace_mesh_lambert):
    rays, triangles = random_scene(20, 9, seed=2)
    light = torch.tensor([-1.0, 2.0, 0.5])
    expected = torch.tensor([reference_lambert(ray, triangles, light, 0.15, 0.6) for ray in rays])
    close(raytrace_mesh_lambert(rays, triangles, light, 0.15, 0.6), expected, equal_nan=True)
    dimmer = torch.tensor([reference_lambert(ray, triangles, light * 3, 0.05, 0.4) for ray in rays])
    close(raytrace_mesh_lambert(rays, triangles, light * 3, 0.05, 0.4), dimmer, equal_nan=True)
    nothing = torch.full((20,), math.nan)
    close(raytrace_mesh_lambert(rays, triangles[:0], light, 0.15, 0.6), nothing, equal_nan=True)
    close(raytrace_mesh_lambert(rays[:0], triangles, light, 0.15, 0.6), torch.zeros(0))
    raises(ValueError, raytrace_mesh_lambert, rays, triangles, light * 0, 0.15, 0.6)


@judged
def test_raytrace_mesh_chunked(raytrace_mesh_chunked):
    rays, triangles = random_scene(23, 17, seed=6)
    expected = reference_distances(rays, triangles)
    close(raytrace_mesh_chunked(rays[:4], triangles[:3], 9), reference_distances(rays[:4], triangles[:3]), rtol=1e-3)
    for max_elements in (100, 40 * 9, 10**6):  # not all triangles; several rays; all at once. Nothing divides
        close(raytrace_mesh_chunked(rays, triangles, max_elements), expected, rtol=1e-3)
    one_ray, one_triangle = (rays[:1], triangles.repeat(4, 1, 1)), (rays.repeat(4, 1, 1), triangles[:1])
    for (some, few), max_elements in (
        ((rays, triangles), 100),
        ((rays, triangles), 360),
        (one_ray, 100),
        (one_triangle, 100),
    ):
        with Work(some, few) as work:
            inspect.unwrap(raytrace_mesh_chunked)(some, few, max_elements)  # without the judge's own copies
        zh = f"{len(some)} 条光线，{len(few)} 个三角形，max_elements={max_elements}，却有一个 {work.largest} 个元素的张量"
        en = f"{len(some)} rays, {len(few)} triangles, max_elements={max_elements}, but one tensor has {work.largest} elements"
        holds(work.largest <= max_elements, zh=zh, en=en)
    close(raytrace_mesh_chunked(rays, triangles[:0], 50), torch.full((23,), math.inf))
    close(raytrace_mesh_chunked(rays[:0], triangles, 50), torch.zeros(0))
    raises(ValueError, raytrace_mesh_chunked, rays, triangles, 8)


# On an edge or a corner rounding decides; every other case holds for each way to compute it.
CLEAR_CASES = [case for case in TRIANGLE_CASES if not case[0].startswith(("at corner", "on the edge"))]
SOLVERS = {"solve", "solve_ex", "inv", "inv_ex", "inverse", "pinv", "lstsq", "lu_solve", "solve_triangular"}


@judged
def test_moller_trumbore(moller_trumbore):
    check_cases(moller_trumbore, CLEAR_CASES)
    rays, triangles = random_scene(20, 9, seed=2)
    expected = reference_distances(rays, triangles)
    without(SOLVERS, moller_trumbore, rays, triangles)
    check_scenes(moller_trumbore, rays, triangles)
    for length in (1e-25, 1e25):  # squared, neither is a float32
        distances(moller_trumbore(rays * torch.tensor([[1.0], [length]]), triangles), expected)
    many = triangles.repeat_interleave(60, dim=0)  # so that no chunk of them holds all nine
    distances(moller_trumbore(rays.repeat(30, 1, 1), many), expected.repeat(30))  # 324,000 pairs: several chunks
    for device in ["cuda"] * torch.cuda.is_available():
        got = moller_trumbore(rays.to(device), triangles.to(device))
        holds(got.device.type == device, zh=f"结果不在 {device} 上", en=f"the result is not on {device}")
        distances(got.cpu(), expected)
    if pair_distances := beside(moller_trumbore, "pair_distances"):
        rays[:, 1] /= rays[:, 1].norm(dim=-1, keepdim=True)
        rays[3, 1] = 0.0
        expected = torch.stack([reference_distances(rays, triangle[None]) for triangle in triangles], dim=1)
        with case(zh="`pair_distances`", en="`pair_distances`"):
            distances(without(SOLVERS, pair_distances, rays, triangles), expected)


def scene_with_one_eye(nrays, ntriangles, seed):
    rays, triangles = random_scene(nrays, ntriangles, seed)
    rays[:, 0] = torch.tensor([0.3, -0.7, 0.5])
    return rays, triangles


def check_one_eye(trace):
    """What `trace` must do with each clear case: its distance; or an error where the eye lies on the triangle."""
    for name, triangle, ray, _ in CLEAR_CASES:
        (A, B, C), eye = float_tensor(triangle), float_tensor(ray[0])
        upright = torch.linalg.cross(B - A, C - A)
        if reference_hit(A, B, C, eye - upright, upright) == 1:
            raises(ValueError, trace, float_tensor([ray]), float_tensor([triangle]))
        else:
            check_cases(trace, [(name, triangle, ray, None)])


def pyramids(triangles):
    """Of each triangle, seen from 0, the three sides of its pyramid and the inverse distance: "4 ntriangles 3"."""
    A, B, C = triangles.unbind(dim=1)
    normal = torch.linalg.cross(B - A, C - A)
    height = (A * normal).sum(dim=-1, keepdim=True)
    sides = [torch.linalg.cross(p, q) * height.sign() for p, q in ((A, B), (B, C), (C, A))]
    return torch.stack([*sides, normal / height])


def nearness_by_hand(directions, triangles):
    rays = torch.stack([torch.zeros_like(directions), directions], dim=1)
    return torch.stack([1 / reference_distances(rays, triangle[None]) for triangle in triangles], dim=1)


def directions_from_zero(n, seed):
    torch.manual_seed(seed)
    directions = torch.randn(n, 3)
    return directions / directions.norm(dim=-1, keepdim=True)


@judged
def test_raytrace_edges(raytrace_edges):
    rays, triangles = scene_with_one_eye(40, 9, seed=7)
    check_scenes(raytrace_edges, rays, triangles)
    check_one_eye(raytrace_edges)
    expected = reference_distances(rays, triangles).repeat(15)
    distances(raytrace_edges(rays.repeat(15, 1, 1), triangles.repeat(60, 1, 1)), expected)
    rays[5, 0, 1] += 1e-6
    raises(ValueError, raytrace_edges, rays, triangles)
    if nearness := beside(raytrace_edges, "nearness"):
        directions, triangles = directions_from_zero(12, seed=12), random_scene(0, 10, seed=13)[1]
        expected = nearness_by_hand(directions, triangles)
        with case(zh="`nearness`", en="`nearness`"):
            close(nearness(directions, pyramids(triangles)), expected, rtol=1e-3)
            batch = torch.stack([pyramids(triangles[:5]), pyramids(triangles[5:])])
            got = nearness(directions.expand(2, 12, 3), batch)
            close(got, torch.stack([expected[:, :5], expected[:, 5:]]), rtol=1e-3)


@judged
def test_bounding_boxes(bounding_boxes):
    one = float_tensor([[[1, -2, 3], [4, 0, -1], [2, 5, 0]]])
    close(bounding_boxes(one), float_tensor([[1, -2, -1], [4, 5, 3]]))
    torch.manual_seed(8)
    for batch in ((), (2,), (4, 2)):
        triangles = torch.randn(*batch, 5, 3, 3)
        corners = triangles.reshape(-1, 15, 3).tolist()
        boxes = [[[f(axis) for axis in zip(*points, strict=True)] for f in (min, max)] for points in corners]
        close(bounding_boxes(triangles), torch.tensor(boxes).reshape(*batch, 2, 3))


BOX = [[2.0, -1, 1], [4, 2, 6]]
# (what it is, ray, whether it meets BOX)
BOX_CASES = [
    ("through the middle", [[0, 0, 0], [3, 0.5, 3.5]], True),
    ("from an origin that is not 0", [[1, -5, 2], [1, 2.5, 1]], True),
    ("backwards in every axis", [[6, 4, 9], [-3, -3, -5]], True),
    ("its way goes past in y only", [[0, 0, 3], [2, 3, 0.5]], False),
    ("its way goes past in z only", [[0, 0, 0], [3, 0.5, -2]], False),
    ("the box is behind", [[8, 0.5, 3], [1, 0, 0.1]], False),
    ("it starts inside", [[3, 0, 2], [1, -2, 0.5]], True),
    ("parallel to x, within the others", [[0, 1, 4], [1, 0, 0]], True),
    ("parallel to x, outside in y", [[0, 3, 4], [1, 0, 0]], False),
    ("parallel to x, along a face", [[0, -1, 4], [1, 0, 0]], True),
    ("parallel to x, along an edge, with -0.0", [[0, 2, 6], [1, -0.0, -0.0]], True),
    ("parallel to y and outside, backwards", [[5, 9, 3], [0, -1, 0]], False),
    ("short, before the box", [[0, 0, 0], [0.3, 0.05, 0.35]], True),
    ("touched at an edge", [[0, 0, 3], [2, 2, 0.5]], True),
    ("passed by a little at an edge", [[0, 0, 3], [2, 2 + A_LITTLE, 0.5]], False),
    ("left by the face where it starts", [[4, 0, 3], [1, 0, 0]], True),
    ("very short", [[0, 0, 0], scaled([4, 1, 5], TINY)], True),
    ("from far away", [[-3000, 0.5, 3.5], [1, 0, 0]], True),
    ("no direction, outside", [[0, 0, 0], [0, 0, 0]], False),
    ("no direction, inside", [[3, 0, 2], [0, 0, 0]], True),
]


def reference_meets_box(ray, box):
    """Clips the ray by one half-space after another, in Python's floats."""
    near, far = 0.0, math.inf
    for o, d, low, high in zip(*ray.tolist(), *box.tolist(), strict=True):
        if d == 0:
            if not low <= o <= high:
                return False
            continue
        ends = sorted([(low - o) / d, (high - o) / d])
        near, far = max(near, ends[0]), min(far, ends[1])
    return near <= far


@judged
def test_intersect_boxes(intersect_boxes):
    for name, ray, expected in BOX_CASES:
        with case(zh=f"盒子 {BOX}，{IN_CHINESE[name]}", en=f"the box {BOX}, {name}"):
            close(intersect_boxes(float_tensor([ray]), float_tensor([BOX])), torch.tensor([[expected]]))
    flat = torch.tensor([[2.0, -1, 1], [2, 2, 6]])
    for ray, expected in (
        ([[0, 0, 0], [2, 1, 3]], True),
        ([[0, 0, 0], [2, 1, -3]], False),
        ([[2, 0, 0], [0, 0, 1]], True),
    ):
        with case(zh="没有厚度的盒子", en="a box without thickness"):
            close(intersect_boxes(float_tensor([ray]), flat[None]), torch.tensor([[expected]]))
    torch.manual_seed(9)
    rays, boxes = torch.randn(14, 2, 3), torch.randn(5, 2, 3).sort(dim=1).values * 2
    expected = [[reference_meets_box(ray, box) for box in boxes] for ray in rays]
    close(intersect_boxes(rays, boxes), torch.tensor(expected))
    close(intersect_boxes(rays[:0], boxes), torch.zeros(0, 5, dtype=torch.bool))
    close(intersect_boxes(rays, boxes[:0]), torch.zeros(14, 0, dtype=torch.bool))


def solved_distances(rays, triangles):
    """`raytrace_mesh` for many pairs at once, in float64."""
    O, D = rays.double()[:, None].unbind(dim=2)
    A, B, C = triangles.double().unbind(dim=1)
    shape = len(rays), len(triangles), 3
    matrix = torch.stack([(-D).expand(shape), (B - A).expand(shape), (C - A).expand(shape)], dim=-1)
    s, u, v = torch.linalg.solve(matrix, O - A).unbind(dim=-1)
    hit = (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)
    return torch.where(hit, s * D.norm(dim=-1), math.inf).amin(dim=1).float()


@judged
def test_raytrace_two_level(raytrace_two_level):
    rays, triangles = scene_with_one_eye(41, 26, seed=10)  # all round the eye, in no order
    expected = reference_distances(rays, triangles * 0.6)
    distances(raytrace_two_level(rays, triangles * 0.6, tile=4, cluster=3), expected)
    check_scenes(raytrace_two_level, rays, triangles * 0.6)
    distances(raytrace_two_level(rays, triangles + 40), reference_distances(rays, triangles + 40))
    check_one_eye(raytrace_two_level)

    torch.manual_seed(11)
    ahead = torch.tensor([1.0, 0, 0])
    rays = torch.stack([torch.zeros(1500, 3), ahead + 0.2 * torch.randn(1500, 3)], dim=1)
    wall = torch.randn(2000, 1, 3) * torch.tensor([0.05, 0.5, 0.5])
    triangles = 3 * ahead + wall + 0.03 * torch.randn(2000, 3, 3)
    with Work() as work:
        got = raytrace_two_level(rays, triangles)
    distances(got[::10], solved_distances(rays[::10], triangles))
    holds(
        work.total < 8 * 1500 * 2000,  # all pairs take 12 numbers each, and more
        zh="1500 × 2000 对里，大多数应当整簇略过；你的函数几乎全都算了",
        en="of 1500 x 2000 pairs most should be skipped with their cluster; yours computes nearly all",
    )
    rays[7, 0, 2] = 1e-6
    raises(ValueError, raytrace_two_level, rays, triangles)
    if best_of_pairs := beside(raytrace_two_level, "best_of_pairs"):
        with case(zh="`best_of_pairs`", en="`best_of_pairs`"):
            check_best_of_pairs(best_of_pairs)


def check_best_of_pairs(best_of_pairs):
    directions, triangles = directions_from_zero(12, seed=14), random_scene(0, 15, seed=15)[1]
    tiles, clusters = directions.reshape(3, 4, 3), triangles.reshape(5, 3, 3, 3)
    pairs = torch.tensor([[0, 2, 0, 2, 0], [1, 4, 3, 0, 2]])  # tile 0 three times, tile 1 never
    best = torch.tensor([0.0, 0.1, 5.0]).repeat(4).reshape(3, 4)
    expected = best.clone()
    for i, j in pairs.T.tolist():
        expected[i] = torch.maximum(expected[i], nearness_by_hand(tiles[i], clusters[j]).amax(dim=1))
    best_of_pairs(torch.stack([pyramids(cluster) for cluster in clusters]), tiles, pairs, best)
    close(best, expected, rtol=1e-3)
