import torch

from coach import mistake
from part1_raytracing import solutions


@mistake("make_rays_1d", zh="少了一边：两端都要包括。", en="One side is missing: both ends belong to the row.")
def one_side(num_pixels, y_limit):
    rays = solutions.make_rays_1d(num_pixels, y_limit)
    rays[:, 1, 1] = torch.linspace(0, y_limit, num_pixels)
    return rays
