"""Right answers of the second lesson of day 1, each written in another way than the course's: the tests accept them all."""

import functools
import itertools
import math

import einops
import torch
import torch.nn.functional as F

from coach import variant
from part1_rendering import solutions
from part1_rendering.grouping import cones, groups, overlaps
from part1_rendering.solutions import SINGULAR


def flat_cross(a, b):
    return torch.stack(
        [
            a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1],
            a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2],
            a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0],
        ],
        dim=1,
    )


@variant("normals")
def written_out(triangles):
    E, G = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    N = flat_cross(E, G)
    N[N.norm(dim=1) <= SINGULAR * E.norm(dim=1) * G.norm(dim=1)] = 0
    return F.normalize(N, dim=1, eps=1e-30)


@variant("normals")
def by_unit_edges(triangles):
    A, B, C = einops.rearrange(triangles, "n corner d -> corner n d")
    N = torch.cross(F.normalize(B - A, dim=1), F.normalize(C - A, dim=1), dim=1)
    length = N.norm(dim=1, keepdim=True)
    return torch.where(length > SINGULAR, N / length, torch.zeros_like(N))


@variant("normals")
def one_triangle_after_the_other(triangles):
    found = torch.zeros(len(triangles), 3).to(triangles)
    for i, (A, B, C) in enumerate(triangles):
        N = torch.linalg.cross(B - A, C - A)
        if N.norm() > SINGULAR * (B - A).norm() * (C - A).norm():
            found[i] = N / N.norm()
    return found


@variant("shade")
def by_sign(directions, normals, light, ambient, diffuse):
    seen = -(directions * normals).sum(dim=1, keepdim=True).sign() * normals
    cos = (seen * F.normalize(light, dim=0)).sum(dim=1)
    if not torch.isfinite(light).all() or not light.any():
        raise ValueError
    return ambient + diffuse * torch.where(cos > 0, cos, 0.0)


@variant("shade")
def by_einsum_and_relu(directions, normals, light, ambient, diffuse):
    if not light.isfinite().all() or light.norm() == 0:
        raise ValueError("light")
    facing = einops.einsum(directions, normals, "n d, n d -> n")
    cos = -facing.sign() * einops.einsum(normals, light, "n d, d -> n") / light.norm()
    return torch.relu(cos) * diffuse + ambient


@variant("shade")
def one_ray_at_a_time(directions, normals, light, ambient, diffuse):
    length = math.hypot(*light.tolist())
    if length == 0 or not math.isfinite(length):
        raise ValueError(f"light has length {length}")
    lit = []
    for d, n in zip(directions.tolist(), normals.tolist(), strict=True):
        facing = sum(x * y for x, y in zip(d, n, strict=True))
        cos = sum(x * y for x, y in zip(n, light.tolist(), strict=True)) / length
        lit.append(ambient + diffuse * max(0.0, -cos if facing > 0 else cos))
    return torch.tensor(lit, dtype=directions.dtype)


@variant("raytrace_mesh_lambert")
def by_min_with_indices(rays, triangles, light, ambient, diffuse):
    if not len(triangles):
        return torch.full((len(rays),), math.nan, dtype=rays.dtype)
    columns = [solutions.raytrace_mesh(rays, triangles[i : i + 1]) for i in range(len(triangles))]
    distance, closest = torch.stack(columns, dim=1).min(dim=1)
    lit = solutions.shade(rays[:, 1], solutions.normals(triangles)[closest], light, ambient, diffuse)
    lit[distance == math.inf] = math.nan
    return lit


@variant("raytrace_mesh_lambert")
def with_a_normal_of_nan(rays, triangles, light, ambient, diffuse):
    nothing = torch.full_like(rays[:, 0, 0], math.inf)
    distances = torch.stack([nothing, *(solutions.raytrace_mesh(rays, triangle[None]) for triangle in triangles)])
    nowhere = torch.full((1, 3), math.nan).to(rays)
    normal = torch.cat([nowhere, solutions.normals(triangles)])[distances.argmin(dim=0)]
    return solutions.shade(rays[:, 1], normal, light, ambient, diffuse)


@variant("raytrace_mesh_lambert")
def painted_over(rays, triangles, light, ambient, diffuse):
    """Each triangle is painted over what lies behind it."""
    picture, depth = torch.full_like(rays[:, 0, 0], math.nan), torch.full_like(rays[:, 0, 0], math.inf)
    for triangle, normal in zip(triangles, solutions.normals(triangles), strict=True):
        distance = solutions.raytrace_mesh(rays, triangle.unsqueeze(0))
        closer = distance < depth
        lit = by_sign(rays[:, 1], normal.expand(len(rays), 3), light, ambient, diffuse)
        picture, depth = torch.where(closer, lit, picture), torch.minimum(depth, distance)
    return picture


@variant("raytrace_mesh_chunked")
def one_ray_after_another(rays, triangles, max_elements):
    if max_elements < 9:
        raise ValueError("max_elements")
    distance = torch.full((len(rays),), math.inf, dtype=rays.dtype)
    for i in range(len(rays)):
        for few in triangles.split(max_elements // 9):
            distance[i] = min(distance[i], solutions.raytrace_mesh(rays[i : i + 1], few)[0])
    return distance


@variant("raytrace_mesh_chunked")
def in_square_chunks(rays, triangles, max_elements):
    if max_elements < 9:
        raise ValueError("max_elements must be at least 9")
    side = math.isqrt(max_elements // 9)
    rows = []
    for some in rays.split(side) if len(rays) else []:
        best = torch.full((len(some),), math.inf).to(rays)
        for few in triangles.split(side) if len(triangles) else []:
            best = torch.minimum(best, solutions.raytrace_mesh(some, few))
        rows.append(best)
    return torch.cat(rows) if rows else rays.new_zeros(0)


@variant("raytrace_mesh_chunked")
def by_a_list_of_minima(rays, triangles, max_elements):
    if max_elements < 9:
        raise ValueError
    pairs = max_elements // 9
    few = max(1, min(len(triangles), pairs))
    some = pairs // few
    if not len(triangles):
        return torch.full_like(rays[:, 0, 0], math.inf)
    rows = [
        torch.stack([solutions.raytrace_mesh(rays[i : i + some], t) for t in triangles.split(few)]).amin(dim=0)
        for i in range(0, len(rays), some)
    ]
    return torch.cat([rays.new_zeros(0), *rows])


def by_arithmetic(O, D, A, E, G):
    """The distances of all pairs for directions of length 1, or 0."""
    N, T = torch.linalg.cross(E, G), O - A
    M = torch.linalg.cross(T, D.expand_as(T))
    det = -(D * N).sum(-1)
    u, v, s = (G * M).sum(-1) / det, -(E * M).sum(-1) / det, (T * N).sum(-1) / det
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (s >= 0)
    hit &= det.abs() > SINGULAR * E.norm(dim=-1) * G.norm(dim=-1)
    return torch.where(hit, s, math.inf)


@variant("moller_trumbore")
def in_one_batch(rays, triangles):
    solutions.require_finite(rays=rays, triangles=triangles)
    A, B, C = triangles.unbind(dim=1)
    found = by_arithmetic(rays[:, None, 0], solutions.unit(rays[:, 1])[:, None], A, B - A, C - A)
    return torch.cat([found, torch.full_like(rays[:, :1, 0], math.inf)], dim=1).amin(dim=1)


@variant("moller_trumbore")
def one_triangle_at_a_time(rays, triangles):
    if not bool(torch.isfinite(rays).all() and torch.isfinite(triangles).all()):
        raise ValueError
    largest = rays[:, 1].abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(rays.dtype).tiny)
    D = F.normalize(rays[:, 1] / largest, dim=1)
    nearest = torch.full_like(rays[:, 0, 0], math.inf)
    for A, B, C in triangles:
        nearest = torch.minimum(nearest, by_arithmetic(rays[:, 0], D, A, (B - A).expand_as(D), (C - A).expand_as(D)))
    return nearest


@variant("moller_trumbore")
def by_determinants(rays, triangles):
    """Cramer's rule, with no system solved."""
    solutions.require_finite(rays=rays, triangles=triangles)
    shape = len(rays), len(triangles), 3
    O, D = rays[:, None, 0].expand(shape), solutions.unit(rays[:, 1])[:, None].expand(shape)
    A, B, C = (x.expand(shape) for x in triangles.unbind(dim=1))
    E, G, T = B - A, C - A, O - A

    def det(*columns):
        return torch.linalg.det(torch.stack(columns, dim=-1))

    whole = det(-D, E, G)
    s, u, v = det(T, E, G) / whole, det(-D, T, G) / whole, det(-D, E, T) / whole
    hit = (whole.abs() > SINGULAR * E.norm(dim=-1) * G.norm(dim=-1)) & (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)
    return torch.cat([torch.where(hit, s, math.inf), torch.full((len(rays), 1), math.inf).to(rays)], 1).amin(dim=1)


@variant("raytrace_edges")
def three_products_and_a_fourth(rays, triangles):
    solutions.require_finite(rays=rays, triangles=triangles)
    if not len(rays) or not len(triangles):
        return torch.full_like(rays[:, 0, 0], math.inf)
    matrix = solutions.edge_matrix(triangles - solutions.shared_origin(rays))
    D = solutions.unit(rays[:, 1])
    ab, bc, ca, inverse = (D @ part.T for part in matrix)
    inverse[(ab < 0) | (bc < 0) | (ca < 0)] = 0
    return 1 / inverse.max(dim=1).values


@variant("raytrace_edges")
def ray_after_ray(rays, triangles):
    solutions.require_finite(rays=rays, triangles=triangles)
    if not len(rays):
        return rays.new_zeros(0)
    matrix = solutions.edge_matrix(triangles - solutions.shared_origin(rays))
    nearest = []
    for D in solutions.unit(rays[:, 1]):
        products = torch.einsum("stk,k->st", matrix, D)
        hit = (products[:3] >= 0).all(dim=0) & (products[3] > 0)
        nearest.append(min((1 / x for x in products[3, hit].tolist()), default=math.inf))
    return torch.tensor(nearest, dtype=rays.dtype)


@variant("bounding_boxes")
def by_flattening(triangles):
    corners = triangles.flatten(-3, -2)
    return torch.stack((corners.min(dim=-2).values, corners.max(dim=-2).values), dim=-2)


@variant("bounding_boxes")
def by_einops(triangles):
    low, high = (einops.reduce(triangles, "... n corner d -> ... d", how) for how in ("min", "max"))
    return torch.cat([low.unsqueeze(-2), high.unsqueeze(-2)], dim=-2)


@variant("bounding_boxes")
def by_sorting(triangles):
    points = triangles.reshape(*triangles.shape[:-3], -1, 3).sort(dim=-2).values
    return points[..., [0, -1], :]


@variant("intersect_boxes")
def box_after_box(rays, boxes):
    hits = torch.zeros(len(rays), len(boxes), dtype=torch.bool)
    for (i, (O, D)), (j, (low, high)) in itertools.product(enumerate(rays.tolist()), enumerate(boxes.tolist())):
        near, far = 0.0, math.inf
        for o, d, a, b in zip(O, D, low, high, strict=True):
            if d:
                near, far = max(near, min((a - o) / d, (b - o) / d)), min(far, max((a - o) / d, (b - o) / d))
            elif not a <= o <= b:
                far = -1.0
        hits[i, j] = near <= far
    return hits


@variant("intersect_boxes")
def axis_after_axis(rays, boxes):
    near = torch.zeros(len(rays), len(boxes), dtype=rays.dtype)
    far, possible = torch.full_like(near, math.inf), torch.ones_like(near, dtype=torch.bool)
    for axis in range(3):
        o, d = rays[:, 0, axis, None], rays[:, 1, axis, None]
        low, high = boxes[:, 0, axis], boxes[:, 1, axis]
        still = d == 0
        possible &= ~still | ((low <= o) & (o <= high))
        first, last = (low - o) / d, (high - o) / d
        near = torch.where(still, near, torch.maximum(near, torch.minimum(first, last)))
        far = torch.where(still, far, torch.minimum(far, torch.maximum(first, last)))
    return possible & (near <= far)


@variant("intersect_boxes")
def nan_left_out(rays, boxes):
    O, D = rays[:, None, 0], rays[:, None, 1]
    first, last = (boxes[:, 0] - O) / D, (boxes[:, 1] - O) / D  # 0 / 0 on a face of the slab
    near = torch.minimum(first, last).nan_to_num(nan=-math.inf, posinf=math.inf, neginf=-math.inf).amax(dim=-1)
    far = torch.maximum(first, last).nan_to_num(nan=math.inf, posinf=math.inf, neginf=-math.inf).amin(dim=-1)
    return (near <= far) & (far >= 0) & (near < math.inf)


@variant("best_of_pairs")
def pair_by_pair(matrix, tiles, pairs, best):
    best = best.clone()
    for tile, cluster in pairs.T.tolist():
        best[tile] = torch.maximum(best[tile], solutions.nearness(tiles[tile], matrix[cluster]).amax(dim=-1))
    return best


@variant("best_of_pairs")
def tile_by_tile(matrix, tiles, pairs, best):
    rows = []
    for i, directions in enumerate(tiles):
        blocks = matrix[pairs[1, pairs[0] == i]]
        found = solutions.nearness(directions.expand(len(blocks), -1, -1), blocks).flatten(0, 0).amax(dim=-1)
        rows.append(torch.cat([best[i : i + 1], found]).amax(dim=0))
    return torch.stack(rows)


@variant("raytrace_two_level")
def pair_after_pair_in_one_round(rays, triangles, tile=32, cluster=32, rounds=6):
    """No rounds and no box: each overlapping pair of tile and cluster, by the nearness of all."""
    solutions.require_finite(rays=rays, triangles=triangles)
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    if not len(rays) or not len(triangles):
        return distance
    triangles, directions = triangles - solutions.shared_origin(rays), solutions.unit(rays[:, 1])
    matrix = solutions.edge_matrix(triangles)
    members, parts = groups(directions, tile), groups(triangles.mean(dim=1), cluster)
    tiles, corners = directions[members], F.normalize(triangles[parts].flatten(1, 2), dim=-1, eps=1e-30)
    best = torch.zeros_like(tiles[..., 0])
    for i, j in overlaps(cones(tiles), cones(corners)).T.tolist():
        found = solutions.nearness(tiles[i], matrix[:, parts[j]])
        best[i] = torch.maximum(best[i], found.amax(dim=-1))
    distance[members] = 1 / best
    return distance


variant("raytrace_two_level", functools.partial(solutions.raytrace_two_level, rounds=3), name="three_rounds")
