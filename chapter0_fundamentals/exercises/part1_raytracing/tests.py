import torch

from coach import close, judged


@judged
def test_make_rays_1d(make_rays_1d):
    expected = torch.tensor([[[0.0, 0, 0], [1, -2, 0]], [[0, 0, 0], [1, 0, 0]], [[0, 0, 0], [1, 2, 0]]])
    close(make_rays_1d(3, 2.0), expected)
