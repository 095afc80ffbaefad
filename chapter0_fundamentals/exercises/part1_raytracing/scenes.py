"""Scenes that the tests of day 1 share, and what is right for them: one ray and one triangle at a time, in Python's floats."""

import math

import torch

from coach import case, close, holds, raises


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


def decided(columns, right):
    """Whether rounding can't decide the hit: no condition is close to equality, or one fails by far.

    The columns are those of the system of a segment (for u and v) or of a triangle (for s, u and v).
    """
    matrix, right = torch.stack(columns, dim=-1).double(), right.double()
    lengths = matrix.norm(dim=0)
    sine = matrix.det().abs() / lengths.prod()
    if not sine > 1e-6:  # parallel, or of length zero
        return True
    unknowns = torch.linalg.solve(matrix, right)
    room = torch.cat([unknowns * lengths, (1 - unknowns[1:].sum(dim=0, keepdim=True)) * lengths[1:].min()])
    least = ROUNDING * right.norm() / sine
    return bool((room.abs() > least).all() or (room < -least).any())


def random_scene(nrays, ntriangles, seed):
    """Rays from near 0 in all directions of length about 2, and triangles on every side."""
    torch.manual_seed(seed)
    return torch.randn(nrays, 2, 3) * torch.tensor([[0.3], [1.5]]), torch.randn(ntriangles, 3, 3) * 2


def float_tensor(values):
    return torch.tensor(values, dtype=torch.float32)


def distances(got, expected):
    """`got` agrees with `expected` in all its digits, also where both are tiny."""
    close(got, expected, rtol=1e-3, atol=1e-9)


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
ROUNDING = 2.0**-18  # more than float32 loses, as a share of the right-hand side


def scaled(values, scale):
    return [scaled(v, scale) for v in values] if isinstance(values, list) else values * scale


# (what it is, triangle, ray, whether they meet); where equality decides, no step of any method rounds
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


def truth(got, expected):
    """`got` is the expected True or False itself, and not a tensor that holds it."""
    close(got, expected)
    zh = "返回的是张量，要的是 Python 的 `True` 或 `False`：套上 `bool(…)`"
    en = "it returned a tensor, and Python's `True` or `False` is wanted: put `bool(…)` around it"
    holds(not isinstance(got, torch.Tensor), zh=zh, en=en)


def check_cases(trace, cases):
    for name, triangle, ray, _ in cases:
        ray, triangle = float_tensor([ray]), float_tensor([triangle])
        expected = reference_distances(ray, triangle)
        with case(zh=f"三角形{IN_CHINESE[name]}", en=f"a triangle {name}"):
            distances(trace(ray, triangle), expected)


def check_scenes(trace, rays, triangles):
    """A random scene, in other sizes and with other lengths of its directions; parallel; none of either; NaN and infinity."""
    expected = reference_distances(rays, triangles)
    distances(trace(rays, triangles), expected)
    for scale in (2.0**-14, 2.0**17):
        with case(zh=f"整个场景放大到 {scale:.0e} 倍", en=f"the whole scene {scale:.0e} times as large"):
            distances(trace(rays * scale, triangles * scale), expected * scale)
    for length in (1e-5, 1e5):
        with case(zh=f"方向的长度放大到 {length:.0e} 倍", en=f"directions {length:.0e} times as long"):
            distances(trace(rays * torch.tensor([[1.0], [length]]), triangles), expected)
    with case(zh="与一个三角形平行、碰到另一个", en="parallel to one triangle, and meeting another"):
        beside = [[[1, 1, -1], [3, 1, -1], [1, 1, 2]], [[4, -1, -1], [4, 3, -1], [4, -1, 3]], DEGENERATE[0]]
        ahead = float_tensor([[[0, 0, 0], [1, 0, 0]], [[0, 0, 0], [2, 1, 0]]])
        distances(trace(ahead, float_tensor(beside)), torch.tensor([4, math.sqrt(5)]))
    for some in (rays, rays.double()):
        with case(zh=f"没有三角形，输入是 {some.dtype}", en=f"without triangles, in {some.dtype}"):
            close(trace(some, triangles[:0].to(some)), torch.full((len(rays),), math.inf, dtype=some.dtype))
        with case(zh=f"没有光线，输入是 {some.dtype}", en=f"without rays, in {some.dtype}"):
            close(trace(some[:0], triangles.to(some)), torch.zeros(0, dtype=some.dtype))
    for bad in (math.nan, math.inf):
        raises(ValueError, trace, torch.where(rays == rays[1, 1, 2], bad, rays), triangles)
        raises(ValueError, trace, rays, torch.where(triangles == triangles[2, 0, 1], bad, triangles))
