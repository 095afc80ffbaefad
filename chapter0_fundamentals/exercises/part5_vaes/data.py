"""The pictures of day 5: scikit-learn's digits at two sizes, and pictures of day 1's meshes; nothing is downloaded."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from part1_raytracing import meshes
from part1_raytracing.solutions import make_rays_2d, rotation_matrix
from part1_rendering.solutions import normals, pair_distances, shade
from part2_cnns.progress import progress
from part2_cnns.solutions import get_digits
from torch import Tensor
from torch.utils.data import TensorDataset

from coach import say

SIZES = 8, 16


def digits(size: int = 8, train: bool = True) -> TensorDataset:
    """The digits of `get_digits(train)`, values from 0 to 1, of shape 1 size size: at size 16 interpolated.

    1,437 to train on, 360 held out. Raises ValueError for a size other than 8 or 16.
    """
    if size not in SIZES:
        raise ValueError(f"digits(size={size}): the digits have 8 pixels a side, or 16 interpolated: ask for 8 or 16")
    images, labels = get_digits(train).tensors
    if size != images.shape[-1]:
        images = F.interpolate(images, size=(size, size), mode="bilinear", align_corners=False)
    return TensorDataset(images, labels)


def mnist(train: bool) -> TensorDataset:
    """MNIST, values from 0 to 1, of shape 1 28 28; raises ConnectionError where it can't be had."""
    from part2_cnns import data

    return data.mnist(train)


def rendered_pictures(n: int, size: int = 64, seed: int = 0) -> Float[Tensor, "n 1 size size"]:
    """Pictures of day 1's fox and torus knot in turn, each at an angle and in a light of its own; values from 0 to 1.

    The background is 0. The same seed gives the same pictures; 100 of them at 64 pixels a side take about two seconds.
    """
    generator = torch.Generator().manual_seed(seed)
    models = meshes.fox(), meshes.torus_knot(300)
    chances = torch.rand(n, 3, generator=generator)
    pictures = torch.zeros(n, 1, size, size)
    for i in progress(range(n), say(zh="画图", en="rendering")):
        pictures[i, 0] = render(models[i % 2], chances[i].tolist(), size)
    return pictures


def render(
    triangles: Float[Tensor, "ntriangles 3 3"], chance: Sequence[float], size: int
) -> Float[Tensor, "size size"]:
    """The mesh turned about the vertical, lit from in front; `chance` are three numbers from 0 to 1."""
    turned = triangles @ rotation_matrix(torch.tensor(math.tau * chance[0])).T
    rays = make_rays_2d(size, size, 0.45, 0.45) - torch.tensor([[3.2, 0, 0], [0, 0, 0]])
    rays[:, 1] /= rays[:, 1].norm(dim=-1, keepdim=True)
    normal = normals(turned)
    facing = (normal * (turned.mean(dim=1) - rays[0, 0])).sum(dim=-1) < 0  # a closed mesh: the others are hidden
    turned, normal = turned[facing], normal[facing]
    distance, nearest = torch.cat([pair_distances(some, turned) for some in rays.split(1024)]).min(dim=1)
    light = torch.tensor([-1.0, 3 * chance[1] - 1.5, 0.3 + chance[2]])
    lit = shade(rays[:, 1], normal[nearest], light, 0.15, 0.85).where(distance.isfinite(), 0)
    return lit.reshape(size, size).T.flip(0)  # rays run along y first, then z: rows are z, the highest on top
