"""Right answers of day 1, each written in another way than the course's: the tests accept them all."""

import functools
import itertools
import math
import unittest

import einops
import numpy as np
import torch
import torch.nn.functional as F

from coach import variant
from part1_raytracing import solutions
from part1_raytracing.grouping import cones, groups, overlaps
from part1_raytracing.solutions import OPERATIONS, SINGULAR


@variant("make_rays_1d")
def by_stack(num_pixels, y_limit):
    y = torch.linspace(-y_limit, y_limit, num_pixels)
    directions = torch.stack([torch.ones_like(y), y, torch.zeros_like(y)], dim=1)
    return torch.stack([torch.zeros_like(directions), directions], dim=1)


@variant("make_rays_1d")
def by_arange(num_pixels, y_limit):
    rays = torch.zeros((num_pixels, 2, 3))
    rays[:, 1, 1] = -y_limit + torch.arange(num_pixels) * 2 * y_limit / max(num_pixels - 1, 1)
    rays[:, 1, 0] += 1
    return rays


@variant("make_rays_1d")
def by_numpy_and_a_list(num_pixels, y_limit):
    rows = [[[0, 0, 0], [1, y, 0]] for y in np.linspace(-y_limit, y_limit, num_pixels)]
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 2, 3)


def cramer_2d(ray, segment):
    """u and v, or None."""
    (ox, oy), (dx, dy) = ray[:, :2].tolist()
    (x1, y1), (x2, y2) = segment[:, :2].tolist()
    ex, ey = x1 - x2, y1 - y2
    det = dx * ey - dy * ex
    if abs(det) <= SINGULAR * math.hypot(dx, dy) * math.hypot(ex, ey):
        return None
    return ((x1 - ox) * ey - (y1 - oy) * ex) / det, (dx * (y1 - oy) - dy * (x1 - ox)) / det


@variant("intersect_ray_1d")
def by_cramers_rule(ray, segment):
    found = cramer_2d(ray, segment)
    return found is not None and found[0] >= 0 and 0 <= found[1] <= 1


@variant("intersect_ray_1d")
def by_the_inverse(ray, segment):
    O, D, L1, L2 = ray[0, :2], ray[1, :2], segment[0, :2], segment[1, :2]
    matrix = torch.cat([D[:, None], (L1 - L2)[:, None]], dim=1)
    lengths = torch.linalg.vector_norm(matrix, dim=0)
    if torch.linalg.det(matrix).abs() <= SINGULAR * lengths[0] * lengths[1]:
        return torch.tensor(False)
    uv = torch.linalg.inv(matrix) @ (L1 - O)
    return (uv[0] >= 0) & (uv[1] >= 0) & (uv[1] <= 1)


@variant("intersect_ray_1d")
def by_numpy_with_the_other_sign(ray, segment):
    (O, D), (L1, L2) = ray.numpy()[:, :2], segment.numpy()[:, :2]
    matrix = np.stack([D, -(L2 - L1)], axis=1)
    if abs(np.linalg.det(matrix)) <= SINGULAR * np.prod(np.linalg.norm(matrix, axis=0)):
        return False
    u, v = np.linalg.solve(matrix, L1 - O)
    return u >= 0 and v >= 0 and v <= 1


@variant("intersect_ray_1d")
def by_unit_columns(ray, segment):
    (O, D), (L1, L2) = ray[:, :2], segment[:, :2]
    d, e = F.normalize(D, dim=0), F.normalize(L1 - L2, dim=0)
    if (d[0] * e[1] - d[1] * e[0]).abs() <= SINGULAR:
        return False
    u, v = torch.linalg.solve(torch.stack([d, e]).T, L1 - O)
    return bool(u >= 0 and 0 <= v <= (L1 - L2).norm())


@variant("intersect_ray_1d")
@functools.cache
def cached(ray, segment):
    return solutions.intersect_ray_1d(ray, segment)


@variant("intersect_rays_1d")
def by_two_loops(rays, segments):
    return torch.tensor([any(by_cramers_rule(r, s) for s in segments) for r in rays], dtype=torch.bool)


@variant("intersect_rays_1d")
def by_broadcasting(rays, segments):
    O, D = rays[:, None, 0, :2], rays[:, None, 1, :2]
    L1, E = segments[None, :, 0, :2], segments[None, :, 0, :2] - segments[None, :, 1, :2]
    T = L1 - O
    det = D[..., 0] * E[..., 1] - D[..., 1] * E[..., 0]
    parallel = det.abs() <= SINGULAR * D.norm(dim=-1) * E.norm(dim=-1)
    u = (T[..., 0] * E[..., 1] - T[..., 1] * E[..., 0]) / det
    v = (D[..., 0] * T[..., 1] - D[..., 1] * T[..., 0]) / det
    return torch.any((u >= 0) & (v >= 0) & (v <= 1) & ~parallel, dim=1)


@variant("intersect_rays_1d")
def segments_first(rays, segments):
    O, D = rays[:, 0, :2].repeat(len(segments), 1, 1), rays[:, 1, :2].repeat(len(segments), 1, 1)
    L1, L2 = (segments[:, i : i + 1, :2].expand_as(O) for i in (0, 1))
    matrix = torch.stack([D, L1 - L2], dim=3)
    bad = matrix.det().abs() <= SINGULAR * torch.linalg.norm(D, dim=-1) * torch.linalg.norm(L1 - L2, dim=-1)
    matrix[bad] = torch.eye(2, dtype=matrix.dtype)
    uv = torch.linalg.solve(matrix, (L1 - O)[..., None])[..., 0]
    hit = (uv[..., 0] >= 0) & (uv[..., 1] >= 0) & (uv[..., 1] <= 1)
    return hit.masked_fill(bad, False).sum(dim=0) > 0


class Intersector:
    """An object that is called."""

    def __call__(self, rays, segments):
        return solutions.intersect_rays_1d(rays, segments)


variant("intersect_rays_1d", Intersector(), name="a_callable_object")


@variant("make_rays_2d")
def by_meshgrid(num_pixels_y, num_pixels_z, y_limit, z_limit):
    y = torch.linspace(-y_limit, y_limit, num_pixels_y)
    z = torch.linspace(-z_limit, z_limit, num_pixels_z)
    y, z = torch.meshgrid(y, z, indexing="ij")
    directions = torch.stack([torch.ones_like(y), y, z], dim=-1).reshape(-1, 3)
    return torch.stack([torch.zeros_like(directions), directions], dim=1)


@variant("make_rays_2d")
def by_two_loops_over_pixels(num_pixels_y, num_pixels_z, y_limit, z_limit):
    rays = torch.zeros(num_pixels_y * num_pixels_z, 2, 3)
    for i, y in enumerate(torch.linspace(-y_limit, y_limit, num_pixels_y)):
        for j, z in enumerate(torch.linspace(-z_limit, z_limit, num_pixels_z)):
            rays[i * num_pixels_z + j, 1] = torch.tensor([1, y, z])
    return rays


@variant("make_rays_2d")
def by_repeat_interleave(num_pixels_y, num_pixels_z, y_limit, z_limit):
    rays = torch.zeros(num_pixels_y * num_pixels_z, 2, 3)
    rays[:, 1] = torch.stack(
        [
            torch.ones(len(rays)),
            torch.linspace(-y_limit, y_limit, num_pixels_y).repeat_interleave(num_pixels_z),
            torch.linspace(-z_limit, z_limit, num_pixels_z).repeat(num_pixels_y),
        ],
        dim=-1,
    )
    return rays


def triple(a, b, c):
    return torch.dot(a, torch.linalg.cross(b, c))


@variant("triangle_ray_intersects")
def by_triple_products(A, B, C, O, D):
    E, G, T = B - A, C - A, O - A
    det = triple(-D, E, G)
    if det.abs() <= SINGULAR * D.norm() * E.norm() * G.norm():
        return False
    s, u, v = triple(T, E, G) / det, triple(-D, T, G) / det, triple(-D, E, T) / det
    return bool((s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1))


@variant("triangle_ray_intersects")
def by_the_inverse_in_float64(A, B, C, O, D):
    matrix = torch.stack([-D, B - A, C - A]).double().T
    if abs(torch.det(matrix).item()) <= SINGULAR * math.prod(matrix.norm(dim=0).tolist()):
        return False
    s, u, v = (torch.inverse(matrix) @ (O - A).double()).tolist()
    return min(s, u, v, 1 - u - v) >= 0


@variant("triangle_ray_intersects")
def by_the_plane_and_the_three_sides(A, B, C, O, D):
    normal = torch.linalg.cross(B - A, C - A)
    if (D @ normal).abs() <= SINGULAR * D.norm() * (B - A).norm() * (C - A).norm():
        return False
    s = ((A - O) @ normal) / (D @ normal)
    P = O + s * D
    inner = [torch.linalg.cross(q - p, P - p) @ normal >= 0 for p, q in ((A, B), (B, C), (C, A))]
    return bool(s >= 0) and all(inner)


@variant("triangle_ray_intersects")
def by_numpy(A, B, C, O, D):
    A, B, C, O, D = (x.numpy() for x in (A, B, C, O, D))
    matrix = np.column_stack([D, A - B, A - C])  # another sign of the columns, and of s, u and v
    if np.abs(np.linalg.det(matrix)) <= SINGULAR * np.linalg.norm(matrix, axis=0).prod():
        return np.bool_(False)
    s, u, v = np.linalg.solve(matrix, A - O)
    return np.all([s >= 0, u >= 0, v >= 0, u + v <= 1])


def one_by_one(rays, triangle):
    hits = [solutions.triangle_ray_intersects(*triangle, O, D) for O, D in rays]  # type: ignore
    return torch.tensor(hits, dtype=torch.bool)


variant("raytrace_triangle", one_by_one, name="one_ray_after_the_other")


@variant("raytrace_triangle")
def by_cross_products(rays, triangle):
    A, B, C = triangle[0], triangle[1], triangle[2]
    O, D = rays[:, 0], rays[:, 1]
    E, G, T = B - A, C - A, O - A
    normal = torch.linalg.cross(E, G)
    det = -D @ normal
    side = torch.linalg.cross(T, D)
    s, u, v = T @ normal / det, side @ G / det, -(side @ E) / det
    parallel = det.abs() <= SINGULAR * D.norm(dim=1) * E.norm() * G.norm()
    return (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1) & parallel.logical_not()


@variant("raytrace_triangle")
def by_vmap_of_the_inverse(rays, triangle):
    A, B, C = triangle
    O, D = einops.rearrange(rays, "nrays point d -> point nrays d")
    matrix = torch.stack([-D, einops.repeat(B - A, "d -> n d", n=len(D)), (C - A).repeat(len(D), 1)], dim=2)
    bad = torch.linalg.det(matrix).abs() <= SINGULAR * torch.linalg.vector_norm(matrix, dim=1).prod(dim=1)
    matrix = matrix.clone()
    matrix[bad] = torch.eye(3).to(matrix)
    suv = torch.vmap(torch.mv)(torch.linalg.inv(matrix), O - A)
    inside = (suv >= 0).all(dim=1) & (suv[:, 1:].sum(dim=1) <= 1)
    return torch.where(bad, False, inside)


@variant("raytrace_triangle_with_bug")
def by_indexing(rays, triangle):
    return by_cross_products(rays, triangle)


def pairs_in_turn(rays, triangles, scale=lambda D: D.norm().item()):
    """The distances "nrays ntriangles", one pair after the other in float64."""
    found = torch.full((len(rays), len(triangles)), math.inf, dtype=rays.dtype)
    for (i, (O, D)), (j, (A, B, C)) in itertools.product(enumerate(rays.double()), enumerate(triangles.double())):
        matrix = torch.stack([-D, B - A, C - A], dim=1)
        if matrix.det().abs() > SINGULAR * matrix.norm(dim=0).prod():
            s, u, v = torch.linalg.solve(matrix, O - A).tolist()
            if s >= 0 and u >= 0 and v >= 0 and u + v <= 1:
                found[i, j] = s * scale(D)
    return found


@variant("raytrace_mesh")
def one_pair_after_the_other(rays, triangles):
    solutions.require_finite(rays=rays, triangles=triangles)
    return torch.tensor([min([math.inf, *row]) for row in pairs_in_turn(rays, triangles).tolist()], dtype=rays.dtype)


@variant("raytrace_mesh")
def by_running_minimum(rays, triangles):
    solutions.require_finite(rays=rays, triangles=triangles)
    nearest = rays.new_full((len(rays),), torch.inf)
    for A, B, C in triangles:
        O, D = rays[:, 0], rays[:, 1]
        matrix = torch.stack([-D, (B - A).expand_as(D), (C - A).expand_as(D)], dim=-1)
        bad = matrix.det().abs() <= SINGULAR * matrix.norm(dim=1).prod(dim=1)
        matrix = torch.where(bad[:, None, None], torch.eye(3, dtype=rays.dtype), matrix)
        s, u, v = torch.linalg.solve(matrix, O - A).T
        hit = (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1) & ~bad
        nearest = torch.minimum(nearest, (s * D.norm(dim=1)).masked_fill(~hit, torch.inf))
    return nearest


@variant("raytrace_mesh")
def from_origin_to_point(rays, triangles):
    """The distance is that between the origin and the point that is hit."""
    solutions.require_finite(rays=rays, triangles=triangles)
    if len(triangles) == 0:
        return torch.full_like(rays[:, 0, 0], math.inf)
    O, D = rays[:, None, 0], rays[:, None, 1]
    A, B, C = triangles[None].unbind(dim=2)
    normal = torch.linalg.cross(B - A, C - A)
    det = (D * normal).sum(-1)
    s = ((A - O) * normal).sum(-1) / det
    P = O + s[..., None] * D
    sides = [(torch.linalg.cross(q - p, P - p) * normal).sum(-1) for p, q in ((A, B), (B, C), (C, A))]
    parallel = det.abs() <= SINGULAR * D.norm(dim=-1) * (B - A).norm(dim=-1) * (C - A).norm(dim=-1)
    # on an edge the point is rounded, and may lie a little outside
    room = -1e-6 * (normal * normal).sum(-1)
    hit = ~parallel & (s >= 0) & (torch.stack(sides) >= room).all(dim=0)
    return torch.where(hit, (P - O).norm(dim=-1), math.inf).min(dim=1).values


variant("raytrace_mesh", functools.partial(by_running_minimum), name="a_partial")


@variant("shares_storage")
def by_a_pointer_and_a_size(a, b):
    if a.untyped_storage().nbytes() == 0 or b.untyped_storage().nbytes() == 0:
        return False
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


@variant("shares_storage")
def by_the_first_element_of_the_block(a, b):
    first = [x.data_ptr() - x.storage_offset() * x.element_size() for x in (a, b)]
    return bool(first[0]) and first[0] == first[1]


@variant("view_or_copy")
def entry_by_entry():
    return {
        "x[0]": True,
        "x.T": True,
        "x.reshape(6)": True,
        "x.contiguous()": True,
        "x.expand(4, 2, 3)": True,
        "x.to(torch.float32)": True,
        'einops.rearrange(x, "a b -> b a")': True,
        'einops.rearrange(x, "a b -> (b a)")': False,
        "x.clone()": False,
        "x + 0": False,
        "x.T.contiguous()": False,
        "x.T.reshape(6)": False,
        "x[x > 0]": False,
        "x[[0]]": False,
    }


@variant("view_or_copy")
def tried_out():
    x = torch.arange(6.0).reshape(2, 3)
    results = {text: eval(text, {"x": x, "torch": torch, "einops": einops}) for text in OPERATIONS}
    return {text: solutions.shares_storage(x, y) for text, y in results.items()}


@variant("view_or_copy")
def with_numpy_booleans():
    return {key: np.bool_(value) for key, value in entry_by_entry().items()}


@variant("rotation_matrix")
def by_two_stacks(theta):
    cos, sin = torch.cos(theta), torch.sin(theta)
    zero, one = theta * 0, theta * 0 + 1
    return torch.stack([torch.stack(row) for row in ([cos, -sin, zero], [sin, cos, zero], [zero, zero, one])])


@variant("rotation_matrix")
def by_matrix_exp(theta):
    spin = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 0]], dtype=theta.dtype)
    return torch.linalg.matrix_exp(theta * spin)


@variant("rotation_matrix")
def written_into_zeros(theta):
    R = torch.eye(3, dtype=theta.dtype)
    R[0, 0] = R[1, 1] = theta.cos()
    R[0, 1], R[1, 0] = -theta.sin(), theta.sin()
    return R


@variant("rotation_matrix")
def as_a_sum(theta):
    a, b, c = (torch.zeros(3, 3).to(theta) for _ in range(3))
    a[0, 0] = a[1, 1] = b[1, 0] = c[2, 2] = 1
    b[0, 1] = -1
    return theta.cos() * a + theta.sin() * b + c


@variant("raytrace_mesh_video")
def by_a_list_and_stack(rays, triangles, matrix, num_frames):
    frames = []
    for _ in range(num_frames):
        frames.append(solutions.raytrace_mesh(rays, triangles))
        triangles = triangles @ matrix.T
    return torch.stack(frames)


@variant("raytrace_mesh_video")
def by_matrix_powers(rays, triangles, matrix, num_frames):
    powers = [torch.linalg.matrix_power(matrix, k) for k in range(num_frames)]
    turned = [einops.einsum(P, triangles, "i j, n c j -> n c i") for P in powers]
    return torch.cat([solutions.raytrace_mesh(rays, x)[None] for x in turned])


@variant("raytrace_mesh_video")
def by_recursion(rays, triangles, matrix, num_frames):
    first = solutions.raytrace_mesh(rays, triangles)[None]
    if num_frames == 1:
        return first
    turned = torch.stack([(matrix @ triangle.T).T for triangle in triangles])
    return torch.vstack([first, by_recursion(rays, turned, matrix, num_frames - 1)])


@variant("my_triangle_test")
def by_a_table(triangle_ray_intersects):
    triangle = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    for scale in (1.0, 1e-3):
        for y, z in itertools.product((-0.5, 0.0, 0.5, 1.5), (-1.0, 0.0, 1.0, 3.0)):
            for x, origin in ((2.0, [0.0, 0, 0]), (-2.0, [0.0, 0, 0]), (4.0, [-2.0, 0, 0]), (0.0, [1.0, 0, 0])):
                inside = x > 0 and y >= 0 and z >= 0 and y / 2 + z / 4 <= 1
                got = triangle_ray_intersects(
                    *(triangle * scale), torch.tensor(origin) * scale, torch.tensor([x, y, z]) * scale
                )
                assert bool(got) == inside


@variant("my_triangle_test")
def by_points_of_the_triangle(triangle_ray_intersects):
    """From several origins towards points with known u and v: each is told to be in it or not."""
    A, B, C = torch.tensor([[1.0, -2, 0], [3, 2, 0], [-1, 2, 4]]) / 1024
    for origin in (torch.tensor([4.0, 0, 8]) / 1024, torch.tensor([-8.0, 2, -4]) / 1024):
        for u, v in itertools.product((-0.5, 0, 0.25, 0.75), repeat=2):
            D = A + u * (B - A) + v * (C - A) - origin
            for sign in (1, -1):
                hit = sign > 0 and u >= 0 and v >= 0 and u + v <= 1
                if triangle_ray_intersects(A, B, C, origin, sign * D) != hit:
                    raise AssertionError(f"u={u}, v={v}, sign={sign}")
        assert triangle_ray_intersects(A, B, C, origin, B - A) is False


@variant("my_triangle_test")
def by_unittest(triangle_ray_intersects):
    case = unittest.TestCase()

    def told(*args):
        case.assertIn(got := triangle_ray_intersects(*args), (True, False))
        return got

    by_a_table(told)


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
def by_where(directions, normals, light, ambient, diffuse):
    seen = torch.where((directions * normals).sum(dim=1, keepdim=True) > 0, -normals, normals)
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
        lit = by_where(rays[:, 1], normal.expand(len(rays), 3), light, ambient, diffuse)
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
