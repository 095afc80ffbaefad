"""One test per exercise of the first lesson of day 1; each is called from its cell, and collected by pytest."""

import itertools
import math
from fractions import Fraction

import torch

from coach import case, close, holds, judged
from part1_raytracing.scenes import (
    A_LITTLE,
    IN_CHINESE,
    SLOPE,
    TINY,
    TRIANGLE,
    TRIANGLE_CASES,
    check_cases,
    check_scenes,
    decided,
    det3,
    float_tensor,
    random_scene,
    reference_distances,
    reference_hit,
    truth,
)


@judged
def test_make_rays_1d(make_rays_1d):
    expected = torch.tensor([[[0.0, 0, 0], [1, -2, 0]], [[0, 0, 0], [1, 0, 0]], [[0, 0, 0], [1, 2, 0]]])
    close(make_rays_1d(3, 2.0), expected)
    close(make_rays_1d(4, 1.8375), float_tensor([[[0, 0, 0], [1, y, 0]] for y in (-1.8375, -0.6125, 0.6125, 1.8375)]))
    close(make_rays_1d(1, 3.0), float_tensor([[[0, 0, 0], [1, -3, 0]]]))
    close(make_rays_1d(0, 1.0), torch.zeros(0, 2, 3))


NEAR, BIT, STEP = 2.0**-7, 2.0**-7 + 2.0**-10, 2.0**-23  # two close numbers, and a tiny step

# (what it is, ray, segment, whether they meet); where equality decides, no step of any method rounds
SEGMENT_CASES = [
    ("in the middle", [[0, 0, 0], [1, 1, 0]], [[3, 0, 0], [0, 3, 0]], True),
    ("behind the eye", [[0, 0, 0], [1, 0, 0]], [[-2, -1, 0], [-2, 1, 0]], False),
    ("before the first end", [[0, 0, 0], [1, -1, 0]], [[2, 0, 0], [2, 1, 0]], False),
    ("beyond the second end", [[0, 0, 0], [1, 1, 0]], [[2, 0, 0], [2, 1, 0]], False),
    ("from an origin that is not 0", [[1, -1, 0], [0, 2, 0]], [[0.5, 2, 0], [3, 2, 0]], True),
    ("missed because the origin is not 0", [[9, 0, 0], [0, 2, 0]], [[-1, 4, 0], [1, 4, 0]], False),
    ("at the first end", [[0, 0, 0], [2, -1, 0]], [[4, -2, 0], [4, 6, 0]], True),
    ("at the second end", [[0, 0, 0], [2, 1, 0]], [[4, -6, 0], [4, 2, 0]], True),
    ("at the origin of the ray", [[1, 1, 0], [1, 0, 0]], [[1, 0, 0], [1, 4, 0]], True),
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
    (
        "short, at a small angle to the ray",
        [[0, 0, 0], [1, 1, 0]],
        [[NEAR, NEAR - STEP, 0], [BIT, BIT + STEP, 0]],
        True,
    ),
    ("far away, at an angle", [[0, 0, 0], [TINY, 0, 0]], [[2, -1, 0], [10, 1, 0]], True),
    ("far above", [[0, 0, 2e5], [1, 1, 3e5]], [[3, 0, 1e5], [0, 3, 4e5]], True),
    ("a direction of length zero", [[0, 0, 0], [0, 0, 0]], [[1, -1, 0], [1, 1, 0]], False),
    ("a segment of length zero", [[0, 0, 0], [1, 0, 0]], [[1, 0, 0], [1, 0, 0]], False),
]


@judged
def test_intersect_ray_1d(intersect_ray_1d):
    for name, ray, segment, expected in SEGMENT_CASES:
        with case(zh=f"线段{IN_CHINESE[name]}", en=f"a segment {name}"):
            truth(intersect_ray_1d(float_tensor(ray), float_tensor(segment)), expected)
    torch.manual_seed(0)
    for ray, segment in torch.randn(30, 2, 2, 3):
        truth(intersect_ray_1d(ray, segment), meets(ray, segment))


@judged
def test_intersect_rays_1d(intersect_rays_1d):
    for name, own, segment, _ in SEGMENT_CASES:
        segments = float_tensor([segment])
        L1, L2 = segments[0, :, :2]
        rays = float_tensor([ray for _, ray, _, _ in SEGMENT_CASES])
        clear = [decided([ray[1, :2], L1 - L2], L1 - ray[0, :2]) for ray in rays]
        rays = torch.cat([float_tensor([own]), rays[clear]])
        expected = torch.tensor([meets(ray, segments[0]) for ray in rays])
        with case(zh=f"线段{IN_CHINESE[name]}", en=f"a segment {name}"):
            close(intersect_rays_1d(rays, segments), expected)
    torch.manual_seed(2)
    rays, segments = torch.randn(24, 2, 3), torch.randn(4, 2, 3) * 2  # each segment is the only one that some ray meets
    close(intersect_rays_1d(rays, segments), torch.tensor([any(meets(r, s) for s in segments) for r in rays]))
    close(intersect_rays_1d(rays[:1], segments), torch.tensor([any(meets(rays[0], s) for s in segments)]))
    with case(zh="与一条线段平行、碰到另一条", en="parallel to one segment, and meeting another"):
        both = float_tensor([[[1, 1, 0], [3, 1, 0]], [[4, -1, 0], [4, 1, 0]], [[2, 3, 0], [5, 3, 0]]])
        three = float_tensor([[[0, 0, 0], [1, 0, 0]], [[0, 0, 0], [2, 1, 0]], [[0, 0, 0], [-1, 0, 0]]])
        close(intersect_rays_1d(three, both), torch.tensor([True, True, False]))
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


@judged
def test_triangle_ray_intersects(triangle_ray_intersects):
    for name, triangle, ray, expected in TRIANGLE_CASES:
        with case(zh=f"三角形{IN_CHINESE[name]}", en=f"a triangle {name}"):
            truth(triangle_ray_intersects(*float_tensor(triangle), *float_tensor(ray)), expected)
    for (O, D), triangle in zip(*random_scene(40, 40, seed=1), strict=True):
        truth(triangle_ray_intersects(*triangle, O, D), reference_hit(*triangle, O, D) is not None)  # type: ignore


@judged
def test_raytrace_triangle(raytrace_triangle):
    for name, triangle, own, _ in TRIANGLE_CASES:
        triangle = float_tensor(triangle)
        A, B, C = triangle
        rays = float_tensor([ray for _, _, ray, _ in TRIANGLE_CASES])
        clear = [decided([-D, B - A, C - A], O - A) for O, D in rays]
        rays = torch.cat([float_tensor([own]), rays[clear]])
        expected = torch.tensor([reference_hit(*triangle, *ray) is not None for ray in rays])
        with case(zh=f"三角形{IN_CHINESE[name]}", en=f"a triangle {name}"):
            close(raytrace_triangle(rays, triangle), expected)
    rays, triangles = random_scene(60, 3, seed=1)
    for triangle in triangles:
        expected = torch.tensor([reference_hit(*triangle, *ray) is not None for ray in rays])
        close(raytrace_triangle(rays, triangle), expected)
    with case(zh="只有一条光线", en="with a single ray"):
        close(
            raytrace_triangle(rays[:1], triangles[0]),
            torch.tensor([reference_hit(*triangles[0], *rays[0]) is not None]),
        )
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
    with case(zh="最近的三角形的顶点都很远", en="where the closest triangle has its corners far away"):
        wide = float_tensor([[2, -10, -10], [2, 40, -10], [2, -10, 40]])
        close(raytrace_mesh(ray[:1], torch.stack([triangles[1], wide])), torch.tensor([2.0]))
    check_cases(raytrace_mesh, TRIANGLE_CASES)
    check_scenes(raytrace_mesh, *random_scene(20, 9, seed=2))


@judged(skip=dict.fromkeys(("repeat", "strided", "float64"), "the battery copies arguments, and this is about memory"))
def test_shares_storage(shares_storage):
    x, other = torch.arange(6.0).reshape(2, 3), torch.arange(6.0).reshape(2, 3)
    truth(shares_storage(x, x), True)
    truth(shares_storage(x, x.T), True)
    truth(shares_storage(x[0], x[1]), True)  # different parts of one block
    truth(shares_storage(x[1:], x), True)
    truth(shares_storage(x, other), False)  # equal values, two blocks
    truth(shares_storage(x, x.clone()), False)
    truth(shares_storage(x, x.view(torch.int32)), True)  # another dtype
    truth(shares_storage(x.detach(), x[:, 1:]), True)  # neither is the other's base
    truth(shares_storage(x, torch.from_numpy(x.numpy())), True)  # the same bytes under another storage object
    truth(shares_storage(x[:1], x.clone()[:1]), False)
    truth(shares_storage(torch.empty(0), torch.empty(0)), False)


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
    "border": ("边和顶点不算", "edges and corners don't count"),
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
