"""Right answers of the first lesson of day 1, each written in another way than the course's: the tests accept them all."""

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
        return False
    uv = torch.linalg.inv(matrix) @ (L1 - O)
    return ((uv[0] >= 0) & (uv[1] >= 0) & (uv[1] <= 1)).item()


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
def with_the_columns_exchanged(rays, segments):
    (O, D), (L1, L2) = rays[:, None, :, :2].unbind(dim=2), segments[None, :, :, :2].unbind(dim=2)
    D, E = torch.broadcast_tensors(D, L1 - L2)
    matrix = torch.stack([E, D], dim=-1)
    sine = torch.linalg.det(matrix).abs() / (D.norm(dim=-1) * E.norm(dim=-1))
    parallel = ~(sine > SINGULAR)  # 0 / 0 is nan
    matrix = torch.where(parallel[..., None, None], torch.eye(2).to(matrix), matrix)
    v, u = torch.linalg.solve(matrix, L1 - O).unbind(dim=-1)
    return ((u >= 0) & (v >= 0) & (v <= 1) & ~parallel).any(dim=1)


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
def with_the_edges_first(rays, triangle):
    A, B, C = triangle
    O, D = rays[:, 0], rays[:, 1]
    matrix = torch.stack([(C - A).expand_as(D), (B - A).expand_as(D), D], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=1).prod(dim=1)
    v, u, s = torch.linalg.solve(matrix + 9e9 * singular[:, None, None] * torch.eye(3).to(matrix), O - A).T
    return (s <= 0) & (u >= 0) & (v >= 0) & (u + v <= 1) & ~singular


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
