# %% [markdown] lang="zh"
# # 第 1 天 · 光线追踪
# %% [markdown] lang="en"
# # Day 1 · ray tracing
# %%
import torch
from jaxtyping import Float
from torch import Tensor

from part1_raytracing import tests

# %% [markdown] lang="zh"
# ### 练习 · 一排光线 · 10 分钟
# %% [markdown] lang="en"
# ### Exercise · a row of rays · 10 min
# %% exercise="make_rays_1d" difficulty=1 importance=3 minutes=10
def make_rays_1d(num_pixels: int, y_limit: float) -> Float[Tensor, "nrays 2 3"]:
    """Rays from the origin through points on the screen."""
    # solution
    rays = torch.zeros(num_pixels, 2, 3)
    rays[:, 1, 0] = 1
    rays[:, 1, 1] = torch.linspace(-y_limit, y_limit, num_pixels)
    return rays


if __name__ == "__main__":
    tests.test_make_rays_1d(make_rays_1d)

# %% [markdown] lang="zh" tags=["hint"]
# 提示
# %% [markdown] lang="en" tags=["hint"]
# hint
