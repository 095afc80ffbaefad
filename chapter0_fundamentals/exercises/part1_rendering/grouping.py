"""Neighbouring points in groups, and a cone round each: what day 1 needs for tracing in two levels."""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def groups(points: Float[Tensor, "n 3"], size: int) -> Int[Tensor, "ngroups group"]:
    """Indices of points that lie together, at most `size` in a group; all groups are equal, so the last index may repeat."""
    ngroups = 2 ** max(0, math.ceil(math.log2(len(points) / size)))
    order = torch.arange(ngroups * math.ceil(len(points) / ngroups), device=points.device).clamp(max=len(points) - 1)
    here, n = points.T[:, order], 1
    while n < ngroups:  # cut each group in four, or in two, along its longest axis: integers are sorted fastest
        x = here.view(3, n, -1)
        low = x.amin(dim=2, keepdim=True)
        extent, axis = (x.amax(dim=2, keepdim=True) - low).max(dim=0, keepdim=True)
        along = ((x - low) / extent.clamp(min=1e-30)).gather(0, axis.expand_as(x)[:1])[0] * 32767
        new = (along.int() + 32768 * torch.arange(n, device=x.device, dtype=torch.int32)[:, None]).flatten().argsort()
        order, here, n = order[new], here.index_select(1, new), min(4 * n, ngroups)
    return order.view(ngroups, -1)


def cones(directions: Float[Tensor, "ngroups n 3"]) -> tuple[Float[Tensor, "ngroups 3"], Float[Tensor, " ngroups"]]:
    """For each group an axis, and the cosine of the widest angle from it, with some room for rounding."""
    axis = F.normalize(directions.sum(dim=1), dim=-1)
    return axis, (directions @ axis[:, :, None]).amin(dim=(1, 2)) - 1e-6


def overlaps(tiles: tuple[Tensor, Tensor], clusters: tuple[Tensor, Tensor]) -> Int[Tensor, "2 npairs"]:
    """The indices of cones that may have a direction in common: cos of their angle >= cos of both widths together."""
    rows = []
    for (axis, cos), sign in ((tiles, -1), (clusters, 1)):
        sin = (1 - cos.square()).clamp(min=0).sqrt()
        row = torch.cat([axis, sign * cos[:, None], sin[:, None]], dim=1)
        rows.append(torch.where(cos[:, None] > 0, row, 0.0))  # wider than half of space: it meets all
    return (rows[0] @ rows[1].T >= -1e-6).nonzero().T
