# %% [markdown] lang="zh"
# # 玩一玩 · 光线与三角形
#
# 眼睛在原点，光线朝 $(1, y, z)$ 射出去，两个滑块就是 $y$ 和 $z$。
# 右边画的是解出来的 $u$ 和 $v$：光线碰到三角形所在平面的那一点，用三角形自己的坐标来写。
# %% [markdown] lang="en"
# # Play · a ray and a triangle
#
# The eye is at the origin, and the ray leaves it towards $(1, y, z)$: the two sliders are $y$ and $z$.
# On the right are the $u$ and $v$ that the equations give: the point where the ray meets the triangle's plane, in the triangle's own coordinates.
# %%
import torch

from part1_raytracing import figures
from part1_raytracing.solutions import triangle_ray_intersects

triangle = torch.tensor([[1, -0.4, -0.3], [1, 0.5, -0.1], [2, 0, 0.9]])


def aim(y: float, z: float) -> tuple[torch.Tensor, bool]:
    """The solution (s, u, v) of the ray through (1, y, z), and whether that ray meets the triangle."""
    (A, B, C), O, D = triangle, torch.zeros(3), torch.tensor([1.0, y, z])
    solution = torch.linalg.solve(torch.stack([-D, B - A, C - A], dim=-1), O - A)
    return solution, triangle_ray_intersects(A, B, C, O, D)


if __name__ == "__main__":
    steps = [round(0.1 * i, 1) for i in range(-6, 7)]
    figures.aims(triangle, {(y, z): aim(y, z) for y in steps for z in steps}, start=(0.0, 0.0)).show()

# %% [markdown] lang="zh" tags=["question"]
# 先猜，再拖：
#
# - 怎样走，才能沿着 $u = 0$ 的那条边移动？那是三角形的哪一条边？
# - 从 $u + v = 1$ 的那一边走出去。$u$ 和 $v$ 都还大于 0，为什么已经不算碰到？
# - 朝 $C$ 走，$s$ 变大还是变小？
# %% [markdown] lang="en" tags=["question"]
# Guess first, then move the sliders:
#
# - How do you walk along the edge where $u = 0$? Which edge of the triangle is that?
# - Leave across the edge where $u + v = 1$. Both $u$ and $v$ are still above 0: why is it a miss?
# - Walk towards $C$: does $s$ grow or shrink?
# %% [markdown] lang="zh" tags=["answer"]
# - $u = 0$ 时只剩 $A + v(C - A)$：那是 $AC$ 边。
# - $BC$ 边上的点满足 $u + v = 1$；越过它，点还在 $AB$ 与 $AC$ 张成的平行四边形里，却已经在三角形外。
# - 变大：$C$ 在 $x = 2$，$A$ 和 $B$ 在 $x = 1$ 的屏幕上；方向的 $x$ 分量是 1，所以 $s$ 就是交点的 $x$。
# %% [markdown] lang="en" tags=["answer"]
# - With $u = 0$ only $A + v(C - A)$ is left: the edge $AC$.
# - On the edge $BC$ the two add up to 1. Beyond it the point is still in the parallelogram that $AB$ and $AC$ span, but no longer in the triangle.
# - It grows: $C$ is at $x = 2$, while $A$ and $B$ are on the screen at $x = 1$; the direction has 1 along $x$, so $s$ is the $x$ of the point that is met.
