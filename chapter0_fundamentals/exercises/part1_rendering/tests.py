"""One test per exercise of the second lesson of day 1; each is called from its cell, and collected by pytest."""

import inspect
import math

import torch
from part1_raytracing.scenes import (
    A_LITTLE,
    DEGENERATE,
    IN_CHINESE,
    ON_ONE_LINE,
    SLOPE,
    SMALL,
    TINY,
    TRIANGLE_CASES,
    check_cases,
    check_scenes,
    distances,
    float_tensor,
    random_scene,
    reference_distances,
    reference_hit,
    scaled,
)
from torch.overrides import TorchFunctionMode

from coach import case, close, holds, judged, raises, without
from coach.judging.compare import OBSERVERS


def beside(function, name):
    """The other function that the exercise asks for, from the file of `function`; None where that stands alone.

    None, too, while a wrong answer is held against known ones: those have no file of their own.
    """
    return None if OBSERVERS else getattr(inspect.unwrap(function), "__globals__", {}).get(name)


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
    close(normals(triangles[:0].double()), torch.zeros(0, 3, dtype=torch.float64))


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
    ahead = float_tensor([[[0, 0, 0], [1, 0, 0]]])
    high = [[1, -1, -2], [1, -1, 2], [1, 80, 0]]  # hit at distance 1, its centre is far away
    slanted = [[2, -1, -2], [2, -1, 2], [6, 3, 0]]  # hit at distance 3, its centre is nearer to the eye
    for both in (float_tensor([high, slanted]), float_tensor([slanted, high])):
        nearer = torch.tensor([reference_lambert(ahead[0], both, light, 0.15, 0.6)])
        close(raytrace_mesh_lambert(ahead, both, light, 0.15, 0.6), nearer)
    for dtype in (torch.float32, torch.float64):
        some, few, lamp = (x.to(dtype) for x in (rays, triangles, light))
        nothing = torch.full((20,), math.nan, dtype=dtype)
        close(raytrace_mesh_lambert(some, few[:0], lamp, 0.15, 0.6), nothing, equal_nan=True)
        close(raytrace_mesh_lambert(some[:0], few, lamp, 0.15, 0.6), torch.zeros(0, dtype=dtype))
    raises(ValueError, raytrace_mesh_lambert, rays, triangles, light * 0, 0.15, 0.6)
    with case(zh="光是 0，光线全都没碰到", en="a light of 0, where every ray misses"):
        raises(ValueError, raytrace_mesh_lambert, ahead, float_tensor([slanted]) + 40, light * 0, 0.15, 0.6)


@judged
def test_raytrace_mesh_chunked(raytrace_mesh_chunked):
    rays, triangles = random_scene(23, 17, seed=6)
    expected = reference_distances(rays, triangles)
    close(raytrace_mesh_chunked(rays[:4], triangles[:3], 9), reference_distances(rays[:4], triangles[:3]), rtol=1e-3)
    for max_elements in (100, 40 * 9, 10**6):  # not all triangles; several rays; all at once. Nothing divides
        close(raytrace_mesh_chunked(rays, triangles, max_elements), expected, rtol=1e-3)
    spaced = torch.stack([rays, rays], dim=-1)[..., 0], torch.stack([triangles, triangles], dim=-1)[..., 0]
    one_ray, one_triangle = (rays[:1], triangles.repeat(4, 1, 1)), (rays.repeat(4, 1, 1), triangles[:1])
    for (some, few), max_elements in (
        ((rays, triangles), 100),
        ((rays, triangles), 360),
        ((rays, triangles), 117),  # 13 pairs, and 4 times 4 is more
        ((rays, triangles), 45),  # the minima of all chunks together are more
        (one_ray, 100),
        (one_triangle, 100),
        (spaced, 100),  # neither is contiguous
    ):
        with Work(some, few) as work:
            inspect.unwrap(raytrace_mesh_chunked)(some, few, max_elements)  # without the judge's own copies
        zh = f"{len(some)} 条光线，{len(few)} 个三角形，max_elements={max_elements}，却有一个 {work.largest} 个元素的张量"
        en = f"{len(some)} rays, {len(few)} triangles, max_elements={max_elements}, but one tensor has {work.largest} elements"
        holds(work.largest <= max_elements, zh=zh, en=en)
    for dtype in (torch.float32, torch.float64):
        some, few = rays.to(dtype), triangles.to(dtype)
        close(raytrace_mesh_chunked(some, few[:0], 50), torch.full((23,), math.inf, dtype=dtype))
        close(raytrace_mesh_chunked(some[:0], few, 50), torch.zeros(0, dtype=dtype))
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
    many = triangles.repeat_interleave(60, dim=0)  # so that no chunk of them holds all nine
    distances(raytrace_edges(rays.repeat(15, 1, 1), many), expected)
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
    # 16 triangles round the eye, each seen by one ray only: 16 pairs, which 6 rounds don't divide
    turn = torch.arange(16) * (math.pi / 8)
    outwards = torch.stack([turn.cos(), turn.sin(), 0.1 * turn.sin()], dim=1)
    aside = torch.stack([-turn.sin(), turn.cos(), torch.zeros(16)], dim=1)
    rays = torch.stack([torch.zeros(16, 3), outwards], dim=1)
    corners = [outwards + 0.1 * u * aside + torch.tensor([0, 0, 0.1 * v]) for u, v in ((-1, -1), (1, -1), (0, 2))]
    triangles = torch.stack(corners, dim=1) * torch.arange(3, 19)[:, None, None]
    with case(zh="每条光线只看见一个三角形", en="each ray sees one triangle only"):
        expected = reference_distances(rays, triangles)
        distances(raytrace_two_level(rays, triangles, tile=1, cluster=1), expected)
    rays = float_tensor([[[0, 0, 0], [1, 0.02, 0]], [[0, 0, 0], [1, -0.02, 0]]])
    near = float_tensor([[1, 0.01, -0.1], [1, 0.01, 0.1], [1, 0.2, 0]])
    far = float_tensor([[9, -3, -3], [9, -3, 4], [9, 4, 0]])
    with case(zh="两条光线在一个小片里，只有一条被近处挡住", en="of two rays in a tile, only one is stopped nearby"):
        expected = reference_distances(rays, torch.stack([near, far]))
        distances(raytrace_two_level(rays, torch.stack([near, far]), tile=2, cluster=1), expected)

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


@judged
def test_best_of_pairs(best_of_pairs):
    directions, triangles = directions_from_zero(12, seed=14), random_scene(0, 15, seed=15)[1]
    tiles, clusters = directions.reshape(3, 4, 3), triangles.reshape(5, 3, 3, 3)
    matrix = torch.stack([pyramids(cluster) for cluster in clusters])
    pairs = torch.tensor([[0, 2, 0, 2, 0, 2], [1, 4, 3, 0, 2, 2]])  # tiles 0 and 2 several times, tile 1 never
    for start in ([0.0, 0.1, 5.0], [0.0, 0.0, 0.0], [0.3, 0.2, 0.4]):
        best = torch.tensor(start).repeat_interleave(4).reshape(3, 4)
        expected = best.clone()
        for i, j in pairs.T.tolist():
            expected[i] = torch.maximum(expected[i], nearness_by_hand(tiles[i], clusters[j]).amax(dim=1))
        close(best_of_pairs(matrix, tiles, pairs, best), expected, rtol=1e-3)
    with case(zh="一对也没有", en="without pairs"):
        close(best_of_pairs(matrix, tiles, pairs[:, :0], best), best)
    many, more = tiles.repeat(1, 60, 1), matrix.repeat(1, 1, 60, 1)  # so that no chunk holds all six pairs
    for order in (pairs, pairs.flip(1)):
        with case(zh="小片和簇都很大", en="large tiles and clusters"):
            close(best_of_pairs(more, many, order, best.repeat(1, 60)), expected.repeat(1, 60), rtol=1e-3)
