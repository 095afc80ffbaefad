"""The meshes of day 1, made by code: a torus knot of any size and a sitting fox. Every triangle faces outwards."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

MIN_TRIANGLES = 100  # fewer are no tube: its walls would cut through one another


def torus_knot(
    ntriangles: int, *, around_axis: int = 2, around_tube: int = 3, thickness: float = 0.2
) -> Float[Tensor, "ntriangles 3 3"]:
    """A closed tube along a torus knot, within 1.5 of the origin, its axis along x: it faces the camera.

    An odd number is rounded up: each edge of a closed mesh belongs to two triangles, so 3 * ntriangles is even.
    Raises ValueError for fewer than 100. The two counts are the knot's windings: (2, 3) is the trefoil.
    """
    if ntriangles < MIN_TRIANGLES:
        raise ValueError(
            f"torus_knot({ntriangles}): a knotted tube takes at least {MIN_TRIANGLES} triangles, ask for more"
        )
    # All corners lie on one helix that winds round the tube and closes after a whole number of turns. Corner i is
    # joined to i + 1 along the helix and to i + turn, one turn later; so any number of corners will do.
    ncorners = math.ceil(ntriangles / 2)
    length = math.tau * math.hypot(0.92 * around_axis, 0.36 * around_tube)
    turn = max(3, round(math.sqrt(ncorners * math.tau * thickness / length)))
    t = math.tau * torch.arange(ncorners, dtype=torch.float64) / ncorners
    angle = round(ncorners / turn) * t
    centre, outwards, sideways = _knot_frame(t, around_axis, around_tube)
    corners = centre + thickness * (angle.cos()[:, None] * outwards + angle.sin()[:, None] * sideways)
    i = torch.arange(ncorners)
    faces = torch.cat([torch.stack([i, i + 1, i + turn + 1], -1), torch.stack([i, i + turn + 1, i + turn], -1)])
    return corners[faces % ncorners].float()


def _knot_frame(t: Float[Tensor, " n"], around_axis: int, around_tube: int) -> tuple[Tensor, Tensor, Tensor]:
    """The knot's points on a torus of radii 0.92 and 0.36, the torus' normals there, and the third perpendicular."""
    a, b = around_axis * t, around_tube * t
    outwards = torch.stack([b.sin(), b.cos() * a.cos(), b.cos() * a.sin()], dim=-1)
    ring = torch.stack([torch.zeros_like(a), a.cos(), a.sin()], dim=-1)
    ring_slope = around_axis * torch.stack([torch.zeros_like(a), -a.sin(), a.cos()], dim=-1)
    tube_slope = torch.stack([b.cos(), -b.sin() * a.cos(), -b.sin() * a.sin()], dim=-1)
    slope = (0.92 + 0.36 * b.cos())[:, None] * ring_slope + 0.36 * around_tube * tube_slope
    sideways = torch.linalg.cross(slope / slope.norm(dim=-1, keepdim=True), outwards)
    return 0.92 * ring + 0.36 * outwards, outwards, sideways


def fox() -> Float[Tensor, "ntriangles 3 3"]:
    """A sitting fox within 1.5 of the origin; it looks along -x, towards the camera."""
    parts = [_body(), _head(), _tail()]
    for side in (-1.0, 1.0):
        parts += [_ear(side), _front_leg(side), _haunch(side), _hind_paw(side)]
    return torch.cat(parts) * 0.9 - torch.tensor([0.18, 0.0, -0.04])  # its middle on the axis it turns about


def _loft(rings: Float[Tensor, "nrings nsides 3"]) -> Float[Tensor, "ntriangles 3 3"]:
    """The closed skin over successive rings of corners, with a fan to the middle of the first and of the last."""
    ends = rings[[0, -1]].mean(dim=1, keepdim=True).expand(-1, rings.shape[1], -1)
    rings = torch.cat([ends[:1], rings, ends[1:]])
    near, far = rings[:-1], rings[1:]
    next_near, next_far = near.roll(-1, dims=1), far.roll(-1, dims=1)
    halves = [torch.stack([near, next_near, far], -2)[1:], torch.stack([next_near, next_far, far], -2)[:-1]]
    triangles = torch.cat([half.flatten(0, 1) for half in halves])
    volume = torch.linalg.det(triangles - triangles.mean(dim=(0, 1))).sum()
    return triangles if volume > 0 else triangles.flip(1)


def _rings(centres, across, up, nsides: int, twist: float = 0.5) -> Float[Tensor, "nrings nsides 3"]:
    """Ellipses about `centres`, spanned by the half-axes `across` and `up`; `twist` turns them, in sides."""
    centres, across, up = (torch.tensor(x, dtype=torch.float32)[:, None] for x in (centres, across, up))
    angle = (math.tau * (torch.arange(nsides) + twist) / nsides)[None, :, None]
    return centres + angle.cos() * across + angle.sin() * up


def _level_rings(rows, nsides: int) -> Float[Tensor, "nrings nsides 3"]:
    """Horizontal ellipses from rows of (x, y, z, half-width in x, half-width in y)."""
    return _rings([r[:3] for r in rows], [[r[3], 0, 0] for r in rows], [[0, r[4], 0] for r in rows], nsides)


def _body() -> Float[Tensor, "ntriangles 3 3"]:
    rows = [
        (0.22, 0, -1.30, 0.50, 0.40),
        (0.22, 0, -1.10, 0.62, 0.52),
        (0.16, 0, -0.70, 0.56, 0.50),
        (-0.04, 0, -0.20, 0.44, 0.42),
        (-0.20, 0, 0.15, 0.33, 0.34),
        (-0.22, 0, 0.48, 0.22, 0.24),
    ]
    return _loft(_level_rings(rows, 9))


def _head() -> Float[Tensor, "ntriangles 3 3"]:
    """From the back of the head to the tip of the nose: rows of (x, z, half-width in y, half-height in z)."""
    rows = [
        (0.16, 0.68, 0.16, 0.14),
        (0.04, 0.72, 0.34, 0.28),
        (-0.20, 0.72, 0.46, 0.34),
        (-0.42, 0.64, 0.42, 0.26),
        (-0.58, 0.60, 0.20, 0.18),
        (-0.80, 0.55, 0.12, 0.11),
        (-0.94, 0.54, 0.06, 0.07),
    ]
    centres = [(x, 0, z) for x, z, _, _ in rows]
    return _loft(_rings(centres, [(0, y, 0) for *_, y, _ in rows], [(0, 0, z) for *_, z in rows], 8))


def _ear(side: float) -> Float[Tensor, "ntriangles 3 3"]:
    centres = [(-0.10, 0.26 * side, 0.88), (-0.08, 0.33 * side, 1.12), (-0.06, 0.42 * side, 1.48)]
    across = [(0.14, 0, 0), (0.10, 0, 0), (0.005, 0, 0)]
    up = [(0, 0.19, 0.02 * side), (0, 0.14, 0.02 * side), (0, 0.005, 0)]
    return _loft(_rings(centres, across, up, 4, twist=0))


def _front_leg(side: float) -> Float[Tensor, "ntriangles 3 3"]:
    rows = [
        (-0.64, 0.17 * side, -1.32, 0.20, 0.13),
        (-0.62, 0.17 * side, -1.20, 0.20, 0.13),
        (-0.54, 0.17 * side, -1.10, 0.11, 0.10),
        (-0.44, 0.18 * side, -0.55, 0.11, 0.11),
        (-0.28, 0.19 * side, 0.00, 0.17, 0.14),
    ]
    return _loft(_level_rings(rows, 6))


def _haunch(side: float) -> Float[Tensor, "ntriangles 3 3"]:
    rows = [
        (0.14, 0.42 * side, -1.30, 0.26, 0.12),
        (0.12, 0.44 * side, -1.12, 0.44, 0.20),
        (0.14, 0.42 * side, -0.82, 0.40, 0.20),
        (0.18, 0.36 * side, -0.58, 0.20, 0.12),
    ]
    return _loft(_level_rings(rows, 7))


def _hind_paw(side: float) -> Float[Tensor, "ntriangles 3 3"]:
    rows = [(-0.20, 0.50 * side, -1.32, 0.26, 0.11), (-0.18, 0.50 * side, -1.18, 0.20, 0.09)]
    return _loft(_level_rings(rows, 6))


def _tail() -> Float[Tensor, "ntriangles 3 3"]:
    """A thick brush that leaves the back, swings out to the side and rises to a point."""
    radii = [0.09, 0.15, 0.22, 0.27, 0.27, 0.20, 0.10, 0.02]
    t = torch.linspace(0, 1, len(radii))
    bend = 2.1 * t
    centres = torch.stack([0.62 + 0.62 * bend.sin(), 0.25 * t, -1.10 + 0.62 * (1 - bend.cos())], dim=-1)
    up = torch.stack([-bend.sin(), torch.zeros_like(t), bend.cos()], dim=-1) * torch.tensor(radii)[:, None]
    across = torch.tensor([[0.0, r, 0.0] for r in radii])
    return _loft(_rings(centres.tolist(), across.tolist(), up.tolist(), 7))
