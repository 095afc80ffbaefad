# %% [markdown] lang="zh"
# # 第 1 天 · 光线追踪
#
# 今天用张量画一幅画：从眼睛射出许多光线，问每条光线最先碰到哪个三角形。
# 先写一条光线，再写一批，最后整幅画不用一个循环；一天结束时，一个被灯光照亮的网格在你面前转动。
#
# 在单元格里按 Shift+Enter 运行它；写完一个练习，它下面的测试就会开口说话。
# 卡住了就在终端运行 `coach hint make_rays_1d`。
#
# 今天有两条约定：输入是 float64，结果也是 float64；传进来的张量，一个也不改动。
# 坐标和长度除了 0，大小都在 $10^{-6}$ 与 $10^6$ 之间。
# %% [markdown] lang="en"
# # Day 1 · ray tracing
#
# Today you paint with tensors: many rays leave the eye, and for each you ask which triangle it meets first.
# You write one ray, then a batch, then a whole picture without a loop; at the end of the day a lit mesh turns before you.
#
# Run a cell with Shift+Enter; once an exercise is written, the test beneath it speaks.
# If you are stuck, run `coach hint make_rays_1d` in a terminal.
#
# Two things hold all day: float64 in gives float64 out, and a tensor that you are given stays as it was.
# Apart from 0, coordinates and lengths are between $10^{-6}$ and $10^6$ in size.
# %%
import math
from collections.abc import Callable

import einops
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from part1_raytracing import figures, meshes, tests
from part1_raytracing.grouping import cones, groups, overlaps
from part1_raytracing.timing import compiled, seconds


# %% [markdown] lang="zh"
# ## 1 · 平面上的光线
#
# 一条光线（ray）是一个起点 $O$ 和一个方向 $D$：它经过所有 $O + uD$，其中 $u \ge 0$。
# $x$ 轴指向前方，屏幕立在 $x = 1$，$y$ 是水平方向，$z$ 朝上。
# %% [markdown] lang="en"
# ## 1 · Rays in the plane
#
# A ray is an origin $O$ and a direction $D$: it passes through every $O + uD$ with $u \ge 0$.
# The $x$ axis points forward, the screen stands at $x = 1$, $y$ is horizontal and $z$ is up.
# %% [markdown] lang="zh"
# ### 练习 · 一排光线 · 10 分钟
#
# 从原点出发，射向屏幕上均匀排开的点，最左和最右的点也算在内。
# %% [markdown] lang="en"
# ### Exercise · a row of rays · 10 min
#
# From the origin, aim at evenly spaced points of the screen, the outermost two included.
# %% exercise="make_rays_1d" difficulty=1 importance=3 minutes=10
def make_rays_1d(num_pixels: int, y_limit: float) -> Float[Tensor, "nrays 2 3"]:
    """The float32 rays (origin, direction) from 0 through (1, y, 0), y evenly from -y_limit to y_limit.

    One pixel has y = -y_limit; 0 pixels have no rays.
    """
    # solution
    rays = torch.zeros(num_pixels, 2, 3)
    rays[:, 1, 0] = 1
    rays[:, 1, 1] = torch.linspace(-y_limit, y_limit, num_pixels)
    return rays


if __name__ == "__main__":
    if tests.test_make_rays_1d(make_rays_1d):
        figures.plane(make_rays_1d(9, 10.0)).show()

# %% [markdown] lang="zh" tags=["hint"]
# 先用 `torch.zeros` 造出整个张量，再往里填：哪些位置永远是 0？
# %% [markdown] lang="en" tags=["hint"]
# Make the whole tensor with `torch.zeros`, then fill it in: which places stay 0 for ever?
# %% [markdown] lang="zh" tags=["hint"]
# `rays[:, 1]` 是所有方向；`torch.linspace` 的两端都包括在内。
# %% [markdown] lang="en" tags=["hint"]
# `rays[:, 1]` holds all directions; `torch.linspace` includes both ends.
# %% [markdown] lang="zh"
# ### 练习 · 光线与线段 · 20 分钟
#
# 线段从 $L_1$ 到 $L_2$，它的点是 $L_1 + v(L_2 - L_1)$，其中 $0 \le v \le 1$。
# 两者相交，就是要解一个二元方程组：
#
# $$\begin{pmatrix} D & L_1 - L_2 \end{pmatrix} \begin{pmatrix} u \\ v \end{pmatrix} = L_1 - O$$
#
# 平行时矩阵是奇异的（singular）；但“行列式很小”不等于奇异：$10^{-3} I$ 的行列式只有 $10^{-6}$，却好解得很。
# 所以要与两列长度的积比：不超过它的 `SINGULAR` 倍，就算平行。
# %% [markdown] lang="en"
# ### Exercise · a ray and a segment · 20 min
#
# The segment runs from $L_1$ to $L_2$, through $L_1 + v(L_2 - L_1)$ with $0 \le v \le 1$.
# Where the two meet is a system of two equations:
#
# $$\begin{pmatrix} D & L_1 - L_2 \end{pmatrix} \begin{pmatrix} u \\ v \end{pmatrix} = L_1 - O$$
#
# Parallel lines make the matrix singular; but a small determinant does not: $10^{-3} I$ has only $10^{-6}$ and is easily solved.
# So compare it with the product of the columns' lengths: up to `SINGULAR` times that, the two count as parallel.
# %% exercise="intersect_ray_1d" difficulty=2 importance=4 minutes=20
SINGULAR = 1e-6  # |det| over the product of the columns' lengths: the sine of the angle between them


def intersect_ray_1d(ray: Float[Tensor, "points dims"], segment: Float[Tensor, "points dims"]) -> bool:
    """Whether the ray meets the segment, in the xy plane; z is ignored, and a parallel or zero-length one never does."""
    # solution
    (O, D), (L1, L2) = ray[:, :2], segment[:, :2]
    matrix = torch.stack([D, L1 - L2], dim=-1)
    if matrix.det().abs() <= SINGULAR * matrix.norm(dim=0).prod():
        return False
    u, v = torch.linalg.solve(matrix, L1 - O)
    return bool(u >= 0 and 0 <= v <= 1)


if __name__ == "__main__":
    tests.test_intersect_ray_1d(intersect_ray_1d)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.stack(…, dim=-1)` 把两个向量并排成矩阵的两列；遇到奇异矩阵，`torch.linalg.solve` 会报错，所以要先问。
# %% [markdown] lang="en" tags=["hint"]
# `torch.stack(…, dim=-1)` sets two vectors side by side as columns; `torch.linalg.solve` raises an error for a singular matrix, so ask first.
# %% [markdown] lang="zh" tags=["hint"]
# `matrix.norm(dim=0)` 是各列的长度，`prod` 是它们的积。
# 比较时用 `<=`，零长度的方向也就一并排除了。
# %% [markdown] lang="en" tags=["hint"]
# `matrix.norm(dim=0)` holds the lengths of the columns, and `prod` is their product.
# Compare with `<=`: then a direction of length zero is ruled out as well.
# %% [markdown] lang="zh" tags=["question"] see="intersect_ray_1d"
# 为什么不能用 `det < 1e-6` 来判断平行？举一个会判错的例子。
# %% [markdown] lang="en" tags=["question"] see="intersect_ray_1d"
# Why is `det < 1e-6` no test for parallel lines? Give an example that it gets wrong.
# %% [markdown] lang="zh" tags=["answer"]
# 行列式带着单位：把场景缩小 1000 倍，二维的行列式就缩小 $10^6$ 倍，而几何关系丝毫未变。
# `1e-4 * torch.eye(2)` 的两列互相垂直，行列式却只有 $10^{-8}$，会被当成平行；`det` 还可能是负数。
# 除以列的长度之积，剩下的是夹角的正弦，与单位无关。
# %% [markdown] lang="en" tags=["answer"]
# A determinant has units: shrink the scene 1000 times and in two dimensions it shrinks $10^6$ times, while the geometry stays.
# The columns of `1e-4 * torch.eye(2)` are perpendicular, yet with a determinant of $10^{-8}$ they would be called parallel; and `det` may be negative.
# Divided by the columns' lengths it is the sine of the angle between them, which has no units.
# %% [markdown] lang="zh"
# ### 练习 · 一批光线 · 25 分钟
#
# 现在一次算完所有光线和所有线段，用不着循环。
# 先把两边都变成 `nrays nsegments …` 的形状，再一次解完所有方程组。
# 一个奇异矩阵就会让整批求解失败，所以先把它们换成单位矩阵，最后再排除。
# %% [markdown] lang="en"
# ### Exercise · a batch of rays · 25 min
#
# Now all rays and all segments at once: no loop is needed.
# Bring both to the shape `nrays nsegments …`, then solve all systems in one call.
# One singular matrix makes the whole batch fail, so put an identity in its place, and rule it out at the end.
# %% exercise="intersect_rays_1d" difficulty=3 importance=5 minutes=25
def intersect_rays_1d(
    rays: Float[Tensor, "nrays 2 3"], segments: Float[Tensor, "nsegments 2 3"]
) -> Bool[Tensor, " nrays"]:
    """Whether each ray meets any of the segments, by the rules of `intersect_ray_1d`; with no segments, none does."""
    # solution
    O, D = einops.repeat(rays[..., :2], "nrays point xy -> point nrays nsegments xy", nsegments=len(segments))
    L1, L2 = einops.repeat(segments[..., :2], "nsegments point xy -> point nrays nsegments xy", nrays=len(rays))
    matrix = torch.stack([D, L1 - L2], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    matrix = torch.where(singular[..., None, None], torch.eye(2).to(matrix), matrix)
    u, v = torch.linalg.solve(matrix, L1 - O).unbind(dim=-1)
    return (~singular & (u >= 0) & (v >= 0) & (v <= 1)).any(dim=-1)


if __name__ == "__main__":
    if tests.test_intersect_rays_1d(intersect_rays_1d) and tests.test_make_rays_1d(make_rays_1d):
        segments = torch.tensor([[[1.5, -6.0, 0], [2.5, -1, 0]], [[4, 1, 0], [3, 4, 0]]])
        rays = make_rays_1d(9, 3.0)
        figures.plane(rays, segments, intersect_rays_1d(rays, segments)).show()


# %% [markdown] lang="zh" tags=["hint"]
# `einops.repeat(rays, "nrays point d -> point nrays nsegments d", nsegments=len(segments))` 让每条光线与每条线段配对。
# %% [markdown] lang="en" tags=["hint"]
# `einops.repeat(rays, "nrays point d -> point nrays nsegments d", nsegments=len(segments))` pairs each ray with each segment.
# %% [markdown] lang="zh" tags=["hint"]
# 用 `torch.where(singular[..., None, None], torch.eye(2).to(matrix), matrix)` 换掉奇异矩阵；`.to(matrix)` 连 dtype 和设备一起带上。
# %% [markdown] lang="en" tags=["hint"]
# Put `torch.where(singular[..., None, None], torch.eye(2).to(matrix), matrix)` in place of singular ones; `.to(matrix)` takes dtype and device along.
# %% [markdown] lang="zh" tags=["hint"]
# 对 `nsegments` 那一维用 `.any(dim=-1)`；维度为空时 `any` 给出 `False`，正合题意。
# %% [markdown] lang="en" tags=["hint"]
# Finish with `.any(dim=-1)` over `nsegments`; over an empty axis `any` is `False`, which is just what is wanted.
# %% [markdown] lang="zh"
# ## 2 · 屏幕与三角形
# %% [markdown] lang="en"
# ## 2 · The screen and a triangle
# %% [markdown] lang="zh"
# ### 练习 · 一屏光线 · 15 分钟
#
# 屏幕有宽也有高，每个像素一条光线。
# 顺序约定为 `(y z)`：`z` 变得快，`y` 变得慢。
# %% [markdown] lang="en"
# ### Exercise · a screen of rays · 15 min
#
# The screen has width and height, with one ray for every pixel.
# Their order is `(y z)`: `z` runs fast, `y` runs slowly.
# %% exercise="make_rays_2d" difficulty=2 importance=3 minutes=15
def make_rays_2d(num_pixels_y: int, num_pixels_z: int, y_limit: float, z_limit: float) -> Float[Tensor, "nrays 2 3"]:
    """The float32 rays from 0 through (1, y, z), each evenly from -limit to limit, ordered as `(y z)`.

    One pixel along an axis is at -limit; 0 pixels have no rays.
    """
    # solution
    rays = torch.zeros(num_pixels_y * num_pixels_z, 2, 3)
    y = torch.linspace(-y_limit, y_limit, num_pixels_y)
    z = torch.linspace(-z_limit, z_limit, num_pixels_z)
    rays[:, 1, 0] = 1
    rays[:, 1, 1] = einops.repeat(y, "y -> (y z)", z=num_pixels_z)
    rays[:, 1, 2] = einops.repeat(z, "z -> (y z)", y=num_pixels_y)
    return rays


if __name__ == "__main__":
    if tests.test_make_rays_2d(make_rays_2d):
        figures.space(make_rays_2d(7, 5, 0.6, 0.4)).show()

# %% [markdown] lang="zh" tags=["hint"]
# `einops.repeat(y, "y -> (y z)", z=num_pixels_z)` 让每个 `y` 连续出现 `num_pixels_z` 次；`z` 呢？
# %% [markdown] lang="en" tags=["hint"]
# `einops.repeat(y, "y -> (y z)", z=num_pixels_z)` repeats each `y` for `num_pixels_z` entries in a row; and `z`?
# %% [markdown] lang="zh"
# ### 练习 · 光线与三角形 · 20 分钟
#
# 三角形所在平面上的点是 $A + u(B - A) + v(C - A)$；落在三角形里，当且仅当 $u \ge 0$，$v \ge 0$，$u + v \le 1$。
# 光线走到 $O + sD$，于是：
#
# $$\begin{pmatrix} -D & B - A & C - A \end{pmatrix} \begin{pmatrix} s \\ u \\ v \end{pmatrix} = O - A$$
#
# 还要 $s \ge 0$：眼睛后面的三角形，谁也看不见；三角形的两面都算。
# 光线与三角形平行、三角形退化、方向长度为零，仍用 `SINGULAR` 判断，只是列有三个。
# %% [markdown] lang="en"
# ### Exercise · a ray and a triangle · 20 min
#
# A triangle's plane holds the points $A + u(B - A) + v(C - A)$; they lie in it if and only if $u \ge 0$, $v \ge 0$, $u + v \le 1$.
# The ray gets to $O + sD$, so:
#
# $$\begin{pmatrix} -D & B - A & C - A \end{pmatrix} \begin{pmatrix} s \\ u \\ v \end{pmatrix} = O - A$$
#
# And $s \ge 0$: nobody sees a triangle behind the eye; from either side it counts.
# A parallel ray, a degenerate triangle or a direction of length zero is again told by `SINGULAR`, now with three columns.
# %% exercise="triangle_ray_intersects" difficulty=2 importance=4 minutes=20
Point = Float[Tensor, " 3"]


def triangle_ray_intersects(A: Point, B: Point, C: Point, O: Point, D: Point) -> bool:
    """Whether the ray from O along D meets the triangle, its border included; no parallel or degenerate one is met."""
    # solution
    matrix = torch.stack([-D, B - A, C - A], dim=-1)
    if matrix.det().abs() <= SINGULAR * matrix.norm(dim=0).prod():
        return False
    s, u, v = torch.linalg.solve(matrix, O - A)
    return bool(s >= 0 and u >= 0 and v >= 0 and u + v <= 1)


if __name__ == "__main__":
    tests.test_triangle_ray_intersects(triangle_ray_intersects)


# %% [markdown] lang="zh" tags=["hint"]
# 与线段的练习相同，只是多了一维：三列，三个未知数。
# %% [markdown] lang="en" tags=["hint"]
# It is the segment's exercise with one dimension more: three columns, three unknowns.
# %% [markdown] lang="zh" tags=["hint"]
# 少了 $u + v \le 1$，你测的就是平行四边形。
# %% [markdown] lang="en" tags=["hint"]
# Without $u + v \le 1$ you test a parallelogram.
# %% [markdown] lang="zh"
# ### 练习 · 画一个三角形 · 20 分钟
#
# 同样的方程，所有光线一起解；三角形只有一个，靠广播（broadcasting）配给每条光线。
# %% [markdown] lang="en"
# ### Exercise · draw a triangle · 20 min
#
# The same equations, solved for all rays together; the one triangle reaches every ray by broadcasting.
# %% exercise="raytrace_triangle" difficulty=3 importance=4 minutes=20
def raytrace_triangle(rays: Float[Tensor, "nrays 2 3"], triangle: Float[Tensor, "3 3"]) -> Bool[Tensor, " nrays"]:
    """Whether each ray meets the triangle (rows A, B, C), by the rules of `triangle_ray_intersects`."""
    # solution
    A, B, C = triangle
    O, D = rays.unbind(dim=1)
    matrix = torch.stack([-D, (B - A).expand_as(D), (C - A).expand_as(D)], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    matrix = torch.where(singular[:, None, None], torch.eye(3).to(matrix), matrix)
    s, u, v = torch.linalg.solve(matrix, O - A).unbind(dim=-1)
    return ~singular & (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)


if __name__ == "__main__":
    if tests.test_raytrace_triangle(raytrace_triangle) and tests.test_make_rays_2d(make_rays_2d):
        triangle = torch.tensor([[1, -0.4, -0.3], [1, 0.5, -0.1], [2, 0, 0.9]])
        hits = raytrace_triangle(make_rays_2d(60, 40, 0.6, 0.6), triangle)
        figures.picture(hits.float(), 60, en="one triangle", zh="一个三角形").show()


# %% [markdown] lang="zh" tags=["hint"]
# `O, D = rays.unbind(dim=1)` 得到两个 `nrays 3` 的张量；`(B - A).expand_as(D)` 不占新内存。
# %% [markdown] lang="en" tags=["hint"]
# `O, D = rays.unbind(dim=1)` gives two tensors of shape `nrays 3`; `(B - A).expand_as(D)` takes no new memory.
# %% [markdown] lang="zh"
# ## 3 · 调试器
#
# 下面的函数能运行，形状也对，图却是错的：里面藏着三个错误。
# 别光盯着看：在 `return` 那一行设一个断点，用“调试单元格”运行，展开变量，一个一个地问“它该是多少？”
# %% [markdown] lang="en"
# ## 3 · The debugger
#
# The function below runs, its shapes are right, and its picture is wrong: three bugs hide in it.
# Don't stare at it: set a breakpoint at its `return`, choose "Debug Cell", open the variables, and ask of each what it should be.
# %% [markdown] lang="zh"
# ### 练习 · 找出三个错误 · 25 分钟
#
# 就地改好它。
# 下面有三个测试，每改对一处，就有一个变绿。
# %% [markdown] lang="en"
# ### Exercise · find three bugs · 25 min
#
# Fix it in place.
# Three tests follow: each bug that goes turns one of them green.
# %% exercise="raytrace_triangle_with_bug" kind="debug" difficulty=3 importance=4 minutes=25
def raytrace_triangle_with_bug(
    rays: Float[Tensor, "nrays 2 3"], triangle: Float[Tensor, "3 3"]
) -> Bool[Tensor, " nrays"]:
    """What `raytrace_triangle` returns, or should."""
    A, B, C = triangle
    O, D = rays.reshape(2, -1, 3)
    matrix = torch.stack([-D, (B - A).expand_as(D), (C - A).expand_as(D)], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    matrix = torch.where(singular[:, None, None], torch.eye(3).to(matrix), matrix)
    s, u, v = torch.linalg.solve(matrix, (-A).expand_as(O)).unbind(dim=-1)
    return ~singular & (s >= 0) & (u >= 0) & (v >= 0) & (u <= 1) & (v <= 1)


# solution
def raytrace_triangle_mended(
    rays: Float[Tensor, "nrays 2 3"], triangle: Float[Tensor, "3 3"]
) -> Bool[Tensor, " nrays"]:
    """`raytrace_triangle_with_bug` without its bugs."""
    A, B, C = triangle
    O, D = rays.unbind(dim=1)  # reshape(2, -1, 3) mixes the rays: it reads on in memory's order
    matrix = torch.stack([-D, (B - A).expand_as(D), (C - A).expand_as(D)], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    matrix = torch.where(singular[:, None, None], torch.eye(3).to(matrix), matrix)
    s, u, v = torch.linalg.solve(matrix, O - A).unbind(dim=-1)  # the origin need not be 0
    return ~singular & (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)  # half of the parallelogram


raytrace_triangle_with_bug = raytrace_triangle_mended  # noqa: F811

if __name__ == "__main__":
    tests.test_raytrace_triangle_with_bug_rays(raytrace_triangle_with_bug)
    tests.test_raytrace_triangle_with_bug_edge(raytrace_triangle_with_bug)
    tests.test_raytrace_triangle_with_bug_origin(raytrace_triangle_with_bug)


# %% [markdown] lang="zh" tags=["hint"]
# 传进两条不同的光线，停在 `matrix` 那一行：`O[0]` 和 `D[0]` 属于同一条光线吗？
# %% [markdown] lang="en" tags=["hint"]
# Pass in two different rays and stop at the line of `matrix`: do `O[0]` and `D[0]` belong to the same ray?
# %% [markdown] lang="zh" tags=["hint"]
# 把起点挪开原点，再看方程右边：它变了吗？
# 然后挑一个 $u + v > 1$ 的点。
# %% [markdown] lang="en" tags=["hint"]
# Move the origin away from 0 and look at the right-hand side: does it change?
# Then choose a point with $u + v > 1$.
# %% [markdown] lang="zh"
# ### 练习 · 你自己的测试 · 20 分钟
#
# 现在换你来出题：写一个测试，让它放过正确的 `triangle_ray_intersects`，并抓住每一个错的。
# 十个错的函数会来试一试，每一个只错一处；每个条件至少要有一条光线。
# %% [markdown] lang="en"
# ### Exercise · a test of your own · 20 min
#
# Now you set the questions: write a test that a right `triangle_ray_intersects` passes, and that catches every wrong one.
# Ten wrong functions will try it, each with one thing wrong; every condition needs at least one ray.
# %% exercise="my_triangle_test" difficulty=3 importance=4 minutes=20
def my_triangle_test(triangle_ray_intersects: Callable[[Point, Point, Point, Point, Point], bool]) -> None:
    """Raises AssertionError if the function it is given is wrong, and nothing if it is right."""
    # solution
    A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    zero, back = torch.zeros(3), torch.tensor([-1.0, 1, 1])
    cases = [  # the direction, the origin, and whether they meet; each breaks one rule, or just keeps it
        ([2, 0.5, 1], zero, True),
        ([2, 1.5, 3], zero, False),  # u + v > 1
        ([2, -0.5, 1], zero, False),  # u < 0
        ([2, 0.5, -1], zero, False),  # v < 0
        ([-2, -0.5, -1], zero, False),  # behind the eye
        ([1, 0, 0], zero, True),  # a corner
        ([3, -0.5, 0], back, True),  # from elsewhere
        ([0, 1, 1], zero, False),  # parallel
    ]
    for direction, origin, expected in cases:
        direction = torch.tensor(direction, dtype=torch.float32)
        assert triangle_ray_intersects(A, B, C, origin, direction) == expected, (direction, origin)
    small = torch.tensor([2e-3, 5e-4, 1e-3])
    assert triangle_ray_intersects(A / 1000, B / 1000, C / 1000, zero, small), "small is not singular"


if __name__ == "__main__":
    tests.test_my_triangle_test(my_triangle_test)


# %% [markdown] lang="zh" tags=["hint"]
# 从一个平行于屏幕的三角形开始，$u$ 和 $v$ 心算就能得到；然后一次只违反一个条件。
# %% [markdown] lang="en" tags=["hint"]
# Begin with a triangle parallel to the screen, where $u$ and $v$ come by mental arithmetic; then break one condition at a time.
# %% [markdown] lang="zh" tags=["hint"]
# 别忘了四种情形：正好落在角上、起点不在原点、与三角形平行、整个场景缩小一千倍。
# %% [markdown] lang="en" tags=["hint"]
# Don't forget four: exactly at a corner, an origin that is not 0, a parallel ray, and the whole scene a thousand times smaller.
# %% [markdown] lang="zh"
# ## 4 · 网格
#
# 网格（mesh）是许多三角形。
# 每个像素要的是最近的那一个：`nrays ntriangles` 个方程组一次解完，再对三角形取最小。
# %% [markdown] lang="en"
# ## 4 · A mesh
#
# A mesh is many triangles.
# Each pixel wants the nearest: solve `nrays ntriangles` systems in one call, then take the minimum over triangles.
# %%
def require_finite(**tensors: Tensor) -> None:
    """Raises ValueError if one of the named tensors holds NaN or infinity: it would leave silent holes in the picture."""
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise ValueError(f"{name} {tuple(tensor.shape)} holds NaN or infinity: look at {name}[~{name}.isfinite()]")


# %% [markdown] lang="zh"
# ### 练习 · 到网格的距离 · 30 分钟
#
# 方向不一定是单位长度，所以参数 $s$ 还不是距离：距离是 $s \lVert D \rVert$。
# %% [markdown] lang="en"
# ### Exercise · the distance to a mesh · 30 min
#
# A direction need not have length one, so the parameter $s$ is no distance yet: the distance is $s \lVert D \rVert$.
# %% exercise="raytrace_mesh" difficulty=4 importance=5 minutes=30
def raytrace_mesh(
    rays: Float[Tensor, "nrays 2 3"], triangles: Float[Tensor, "ntriangles 3 3"]
) -> Float[Tensor, " nrays"]:
    """The distance along each ray to the closest hit in front of it, infinity where there is none or no triangle.

    What is a hit is said in `triangle_ray_intersects`; NaN or infinity in an argument raises ValueError.
    """
    require_finite(rays=rays, triangles=triangles)
    # solution
    A, B, C = einops.repeat(triangles, "ntriangles corner d -> corner nrays ntriangles d", nrays=len(rays))
    O, D = einops.repeat(rays, "nrays point d -> point nrays ntriangles d", ntriangles=len(triangles))
    matrix = torch.stack([-D, B - A, C - A], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    matrix = torch.where(singular[..., None, None], torch.eye(3).to(matrix), matrix)
    s, u, v = torch.linalg.solve(matrix, O - A).unbind(dim=-1)
    hit = ~singular & (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)
    distance = torch.where(hit, s * D.norm(dim=-1), math.inf)
    nothing = torch.full_like(rays[:, :1, 0], math.inf)  # so that the minimum exists without triangles
    return torch.cat([distance, nothing], dim=-1).amin(dim=-1)


if __name__ == "__main__":
    tests.test_raytrace_mesh(raytrace_mesh)

# %% [markdown] lang="zh" tags=["hint"]
# 与 `intersect_rays_1d` 的配对方式相同；这次两边都是 `nrays ntriangles` 个三维的点。
# %% [markdown] lang="en" tags=["hint"]
# Pair them as in `intersect_rays_1d`; this time both sides are `nrays ntriangles` points in space.
# %% [markdown] lang="zh" tags=["hint"]
# 没有命中的地方用 `torch.where` 填上 `math.inf`，再用 `.amin(dim=-1)`；没有三角形时，添一列 `inf` 就不会报错。
# %% [markdown] lang="en" tags=["hint"]
# Fill in `math.inf` with `torch.where` where nothing is hit, then `.amin(dim=-1)`; one more column of `inf` keeps it alive without triangles.
# %% [markdown] lang="zh"
# 颜色越亮，离你越近。
# 这个网格是代码造出来的：打开 `meshes.py` 看看。
# %% [markdown] lang="en"
# The brighter, the closer to you.
# This mesh is made by code: have a look at `meshes.py`.
# %%
if __name__ == "__main__" and tests.test_make_rays_2d(make_rays_2d) and tests.test_raytrace_mesh(raytrace_mesh):
    rays = make_rays_2d(60, 60, 0.5, 0.5)
    rays[:, 0, 0] = -3  # step back: the mesh sits at the origin
    distance = raytrace_mesh(rays, meshes.torus_knot(400))
    figures.picture(1 / distance, 60, en="a torus knot, by closeness", zh="环面纽结：越近越亮").show()


# %% [markdown] lang="zh"
# ## 5 · 视图与拷贝
#
# 你已经用过 `unbind`、`expand_as` 和切片：它们不搬动数据，只用另一种方式读同一份数据，叫做视图（view）。
# 写进视图，就写进了原来的张量。
# %% [markdown] lang="en"
# ## 5 · Views and copies
#
# You have used `unbind`, `expand_as` and slices: they move no data, they only read the same data differently, and are called views.
# To write into a view is to write into the tensor it came from.
# %% [markdown] lang="zh"
# ### 练习 · 同一块内存吗 · 10 分钟
# %% [markdown] lang="en"
# ### Exercise · the same memory? · 10 min
# %% exercise="shares_storage" difficulty=2 importance=4 minutes=10
def shares_storage(a: Tensor, b: Tensor) -> bool:
    """Whether both tensors read the same block of memory, even different parts of it; an empty block is shared by none."""
    # solution
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() != 0


if __name__ == "__main__":
    tests.test_shares_storage(shares_storage)

# %% [markdown] lang="zh" tags=["hint"]
# `a.data_ptr()` 是第一个元素的地址，`x[1]` 的就与 `x` 的不同；再往下一层，问 `a.untyped_storage()`。
# %% [markdown] lang="en" tags=["hint"]
# `a.data_ptr()` is the address of the first element, and that of `x[1]` isn't that of `x`; ask one layer down, `a.untyped_storage()`.
# %% [markdown] lang="zh"
# ### 练习 · 视图还是拷贝 · 15 分钟
#
# 先猜，再测：`x` 的形状是 `2 3`，下面每个结果与 `x` 共用内存吗？
# 每一项写 `True` 或 `False`。
# %% [markdown] lang="en"
# ### Exercise · view or copy · 15 min
#
# Guess first, then test: `x` has the shape `2 3`; does each result below share memory with `x`?
# Put `True` or `False` for each.
# %% exercise="view_or_copy" difficulty=2 importance=4 minutes=15
OPERATIONS = [
    "x[0]",
    "x[[0]]",
    "x[x > 0]",
    "x.T",
    "x.reshape(6)",
    "x.T.reshape(6)",
    "x.contiguous()",
    "x.T.contiguous()",
    "x + 0",
    "x.expand(4, 2, 3)",
    "x.to(torch.float32)",
    "x.clone()",
    'einops.rearrange(x, "a b -> b a")',
    'einops.rearrange(x, "a b -> (b a)")',
]


def view_or_copy() -> dict[str, bool]:
    """For each of OPERATIONS, whether its result shares the storage of a float32 tensor `x` of shape (2, 3)."""
    # solution
    copies = {1, 2, 5, 7, 8, 11, 13}
    return {operation: i not in copies for i, operation in enumerate(OPERATIONS)}


if __name__ == "__main__":
    tests.test_view_or_copy(view_or_copy)


# %% [markdown] lang="zh" tags=["hint"]
# 一个视图只有起点和步长（stride）可以改；问自己：新的元素顺序，能用固定的步长走出来吗？
# %% [markdown] lang="en" tags=["hint"]
# A view may change only where it starts and its strides; ask whether fixed strides can walk the elements in the new order.
# %% [markdown] lang="zh" tags=["hint"]
# 逐项写成字典就好；拿不准的，用 `shares_storage` 试。
# %% [markdown] lang="en" tags=["hint"]
# Write the dictionary entry by entry; where you are not sure, try it with `shares_storage`.
# %% [markdown] lang="zh" tags=["question"] see="view_or_copy"
# `x.reshape(6)` 是视图，`x.T.reshape(6)` 却是拷贝：差别在哪里？
# %% [markdown] lang="en" tags=["question"] see="view_or_copy"
# `x.reshape(6)` is a view, yet `x.T.reshape(6)` is a copy: what makes the difference?
# %% [markdown] lang="zh" tags=["answer"]
# 内存里的顺序是一行接一行，`x` 的步长是 `(3, 1)`，六个元素用步长 1 就能走完，不必搬动。
# `x.T` 的步长是 `(1, 3)`：按它的顺序要走地址 0、3、1、4、2、5，没有哪个固定的步长走得出来，`reshape` 只好拷贝。
# `view` 在这种时候会报错，而不是悄悄拷贝。
# %% [markdown] lang="en" tags=["answer"]
# Memory holds row after row; `x` has the strides `(3, 1)`, and a stride of 1 walks all six elements where they are.
# `x.T` has the strides `(1, 3)`: its order visits the addresses 0, 3, 1, 4, 2, 5, which no fixed stride does, so `reshape` must copy.
# In that case `view` raises an error and makes no silent copy.
# %% [markdown] lang="zh"
# ## 6 · 让它转起来
# %% [markdown] lang="en"
# ## 6 · Make it turn
# %% [markdown] lang="zh"
# ### 练习 · 旋转矩阵 · 10 分钟
#
# 绕 $z$ 轴转 $\theta$：从上往下看是逆时针，$x$ 轴转向 $y$ 轴。
# %% [markdown] lang="en"
# ### Exercise · a rotation matrix · 10 min
#
# Turn by $\theta$ about the $z$ axis: seen from above it is anticlockwise, from the $x$ axis towards $y$.
# %% exercise="rotation_matrix" difficulty=2 importance=3 minutes=10
def rotation_matrix(theta: Float[Tensor, ""]) -> Float[Tensor, "3 3"]:
    """The matrix R, in theta's dtype, for which `R @ point` is the point turned by theta radians; gradients reach theta."""
    # solution
    cos, sin, zero, one = theta.cos(), theta.sin(), torch.zeros_like(theta), torch.ones_like(theta)
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one]).reshape(3, 3)


if __name__ == "__main__":
    tests.test_rotation_matrix(rotation_matrix)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.tensor([[theta.cos(), …]])` 会切断梯度；`torch.stack` 不会。
# %% [markdown] lang="en" tags=["hint"]
# `torch.tensor([[theta.cos(), …]])` cuts off the gradient; `torch.stack` doesn't.
# %% [markdown] lang="zh"
# ### 练习 · 动画 · 15 分钟
#
# 第 $k$ 帧里，网格已经转了 $k$ 次；第 0 帧还没有转。
# 一帧一帧地画就好：整批算完所有的帧，内存里放不下。
# %% [markdown] lang="en"
# ### Exercise · an animation · 15 min
#
# In frame $k$ the mesh has been turned $k$ times; in frame 0 not yet.
# Draw frame after frame: all frames in one batch would not fit into memory.
# %% exercise="raytrace_mesh_video" difficulty=2 importance=3 minutes=15
def raytrace_mesh_video(
    rays: Float[Tensor, "nrays 2 3"],
    triangles: Float[Tensor, "ntriangles 3 3"],
    matrix: Float[Tensor, "3 3"],
    num_frames: int,
) -> Float[Tensor, "frames nrays"]:
    """The distances of `raytrace_mesh` in each of 1 or more frames; before frame k, `matrix` was applied to all points k times."""
    # solution
    frames = torch.empty(num_frames, len(rays)).to(rays)
    for k in range(num_frames):
        frames[k] = raytrace_mesh(rays, triangles)
        triangles = einops.einsum(matrix, triangles, "out d, ntriangles corner d -> ntriangles corner out")
    return frames


if __name__ == "__main__":
    ready = tests.test_raytrace_mesh_video(raytrace_mesh_video) and tests.test_rotation_matrix(rotation_matrix)
    if ready and tests.test_make_rays_2d(make_rays_2d):
        turn = rotation_matrix(torch.tensor(math.tau / 3 / 12))
        rays = make_rays_2d(40, 40, 0.5, 0.5) - torch.tensor([[3.0, 0, 0], [0, 0, 0]])
        video = raytrace_mesh_video(rays, meshes.torus_knot(200), turn, 12)
        figures.animation(1 / video, 40, en="a torus knot, turning", zh="转动的环面纽结").show()


# %% [markdown] lang="zh" tags=["hint"]
# 点是行向量时写 `triangles @ matrix.T`；或者让 `einops.einsum` 把各维的名字写明白。
# %% [markdown] lang="en" tags=["hint"]
# Points stand in rows: `triangles @ matrix.T`; or let `einops.einsum` name the axes.
# %% [markdown] lang="zh"
# ## 7 · 光
#
# 到现在为止，画上的颜色是距离。
# 真正的表面朝向光就亮，背着光就暗：亮度取决于法向量（normal）与光的夹角。
# %% [markdown] lang="en"
# ## 7 · Light
#
# So far the colours of a picture were distances.
# A real surface is bright where it faces the light and dark where it turns away: what counts is the angle between its normal and the light.
# %% [markdown] lang="zh"
# ### 练习 · 法向量 · 10 分钟
#
# 右手沿 $A \to B \to C$ 握起来，大拇指就指着法向量。
# 两条边的叉积不超过边长之积的 `SINGULAR` 倍，就算三个顶点在一条线上。
# %% [markdown] lang="en"
# ### Exercise · normals · 10 min
#
# Curl your right hand along $A \to B \to C$: the thumb is the normal.
# Where the cross product of two edges is at most `SINGULAR` times their lengths, the corners lie on one line.
# %% exercise="normals" difficulty=1 importance=4 minutes=10
def normals(triangles: Float[Tensor, "ntriangles 3 3"]) -> Float[Tensor, "ntriangles 3"]:
    """The unit normal of each triangle by the right-hand rule; zeros where its corners lie on one line."""
    # solution
    A, B, C = triangles.unbind(dim=1)
    normal = torch.linalg.cross(B - A, C - A)
    length = normal.norm(dim=-1, keepdim=True)
    degenerate = length <= SINGULAR * (B - A).norm(dim=-1, keepdim=True) * (C - A).norm(dim=-1, keepdim=True)
    return torch.where(degenerate, 0.0, normal / length)


if __name__ == "__main__":
    tests.test_normals(normals)


# %% [markdown] lang="zh" tags=["hint"]
# `torch.linalg.cross(B - A, C - A)` 同时垂直于两条边。
# %% [markdown] lang="en" tags=["hint"]
# `torch.linalg.cross(B - A, C - A)` is perpendicular to both edges.
# %% [markdown] lang="zh"
# ### 练习 · 朗伯定律 · 15 分钟
#
# 朗伯（Lambert）定律：漫反射的亮度与 $\cos\theta$ 成正比，$\theta$ 是法向量与光的夹角；背光时是 0，不是负数。
# 三角形有两面，你看见的是朝着你的那一面：法向量要先翻到这一面来。
# %% [markdown] lang="en"
# ### Exercise · Lambert's law · 15 min
#
# Lambert's law: a matt surface is as bright as $\cos\theta$, for the angle $\theta$ between normal and light; turned away it is 0, never negative.
# A triangle has two sides, and you see the one towards you: first turn the normal to that side.
# %% exercise="shade" difficulty=2 importance=4 minutes=15
def shade(
    directions: Float[Tensor, "nrays 3"],
    normals: Float[Tensor, "nrays 3"],
    light: Float[Tensor, " 3"],
    ambient: float,
    diffuse: float,
) -> Float[Tensor, " nrays"]:
    """ambient + diffuse * max(0, cos) on the side seen by a ray of this direction, for the unit normal where it hits.

    `light` points towards the light, and need not have length 1; ValueError if it is 0 or not finite.
    """
    if not 0 < light.norm() < math.inf:
        raise ValueError(f"light = {light.tolist()} has no direction: give a vector that points towards the light")
    # solution
    towards_you = -(directions * normals).sum(dim=-1, keepdim=True).sign()
    cos = (towards_you * normals) @ (light / light.norm())
    return ambient + diffuse * cos.clamp(min=0)


if __name__ == "__main__":
    tests.test_shade(shade)


# %% [markdown] lang="zh" tags=["hint"]
# 光线的方向与法向量夹角小于 90° 时，你看见的是背面：`(directions * normals).sum(dim=-1)` 的符号说的就是这件事。
# %% [markdown] lang="en" tags=["hint"]
# If the ray goes the same way as the normal you see the back: the sign of `(directions * normals).sum(dim=-1)` tells.
# %% [markdown] lang="zh"
# ### 练习 · 有光的画 · 20 分钟
#
# 这次要知道最近的是*哪一个*三角形：让 `raytrace_mesh` 一次看一个，再用 `argmin`。
# 什么也没碰到的地方是 `nan`：图上留白，也不会与没被照亮的表面混淆。
# %% [markdown] lang="en"
# ### Exercise · a lit picture · 20 min
#
# Now you need to know *which* triangle is closest: show them to `raytrace_mesh` one at a time, then take `argmin`.
# Where nothing is hit put `nan`: it stays blank in a figure, and can't be mistaken for a surface in the dark.
# %% exercise="raytrace_mesh_lambert" difficulty=3 importance=4 minutes=20
def raytrace_mesh_lambert(
    rays: Float[Tensor, "nrays 2 3"],
    triangles: Float[Tensor, "ntriangles 3 3"],
    light: Float[Tensor, " 3"],
    ambient: float,
    diffuse: float,
) -> Float[Tensor, " nrays"]:
    """What `shade` gives where each ray hits first, also its error; nan where it hits nothing.

    `light` points towards the light.
    """
    # solution
    nothing = torch.full_like(rays[:, 0, 0], math.inf)
    distances = torch.stack([nothing, *(raytrace_mesh(rays, triangle[None]) for triangle in triangles)])
    normal = torch.cat([torch.zeros(1, 3).to(rays), normals(triangles)])[distances.argmin(dim=0)]  # row 0: nothing
    lit = shade(rays[:, 1], normal, light, ambient, diffuse)
    return torch.where(distances.amin(dim=0).isinf(), math.nan, lit)


if __name__ == "__main__":
    if tests.test_raytrace_mesh_lambert(raytrace_mesh_lambert) and tests.test_make_rays_2d(make_rays_2d):
        rays = make_rays_2d(60, 60, 0.5, 0.5) - torch.tensor([[3.0, 0, 0], [0, 0, 0]])
        picture = raytrace_mesh_lambert(rays, meshes.fox(), torch.tensor([-1.0, 0.7, 1.2]), 0.2, 0.8)
        figures.lit(picture, 60, en="A fox in the light", zh="光里的狐狸").show()


# %% [markdown] lang="zh" tags=["hint"]
# 在距离的最前面添一行 `inf`，法向量前面也添一行：这样没有三角形时 `argmin` 也不会出错，但下标都错开了一个。
# 没有命中的地方，最后用 `torch.where` 换成 `math.nan`。
# %% [markdown] lang="en" tags=["hint"]
# Put a row of `inf` before the distances, and a row before the normals too: then `argmin` works even without triangles, with every index one higher.
# At the end put `math.nan` with `torch.where` wherever nothing was hit.
# %% [markdown] lang="zh" tags=["question"] see="raytrace_mesh_lambert"
# 封闭的网格，法向量都朝外；为什么 `shade` 还要看光线的方向？
# %% [markdown] lang="en" tags=["question"] see="raytrace_mesh_lambert"
# In a closed mesh all normals face outwards; why does `shade` still look at the direction of the ray?
# %% [markdown] lang="zh" tags=["answer"]
# 眼睛在网格外面时，确实不必；但眼睛在里面、网格有洞、或者三角形的顺序写反了，你看见的就是背面。
# 不翻转的话，这些地方会亮暗颠倒，而且没有任何报错。
# %% [markdown] lang="en" tags=["answer"]
# With the eye outside it need not; but if the eye is inside, the mesh has a hole or a triangle is wound the other way, you see a back.
# If the normal weren't flipped, light and dark would change places there, and nothing would tell you.
# %% [markdown] lang="zh"
# ## 8 · 又快又省
#
# 14,400 条光线、4,000 个三角形，就有五千多万个方程组：内存放不下，也等不起那么久。
# 先管住内存，再去掉方程组。
# %% [markdown] lang="en"
# ## 8 · Fast and frugal
#
# With 14,400 rays and 4,000 triangles there are over fifty million systems: too many for memory, too slow to wait for.
# First bound the memory, then do away with the systems.
# %% [markdown] lang="zh"
# ### 练习 · 分块 · 20 分钟
#
# 每一对光线和三角形要一个 3×3 的矩阵，也就是 9 个元素。
# 把光线和三角形都切成块，使每一块的矩阵装得下，再合并各块的最小值。
# %% [markdown] lang="en"
# ### Exercise · in chunks · 20 min
#
# Each pair of ray and triangle takes a 3×3 matrix, that is 9 elements.
# Cut both rays and triangles into chunks whose matrices fit, and join the minima of the chunks.
# %% exercise="raytrace_mesh_chunked" difficulty=3 importance=4 minutes=20
def raytrace_mesh_chunked(
    rays: Float[Tensor, "nrays 2 3"], triangles: Float[Tensor, "ntriangles 3 3"], max_elements: int
) -> Float[Tensor, " nrays"]:
    """What `raytrace_mesh` gives; apart from the result, no tensor made on the way has more than max_elements elements.

    Raises ValueError if max_elements is below the 9 that a single pair takes.
    """
    if max_elements < 9:
        raise ValueError(f"max_elements = {max_elements}, but one ray and one triangle take 9: allow 9 or more")
    # solution
    pairs = max_elements // 9
    ntriangles = max(1, min(len(triangles), pairs))
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    for i in range(0, len(rays), pairs // ntriangles):
        some = rays[i : i + pairs // ntriangles]
        for few in triangles.split(ntriangles):
            closest = distance[i : i + len(some)]  # a view: what is written here stands in `distance`
            torch.minimum(closest, raytrace_mesh(some, few), out=closest)
    return distance


if __name__ == "__main__":
    tests.test_raytrace_mesh_chunked(raytrace_mesh_chunked)


# %% [markdown] lang="zh" tags=["hint"]
# `pairs = max_elements // 9` 是一块最多能有几对；三角形每块取 `min(len(triangles), pairs)` 个，光线每块取 `pairs` 除以它。
# %% [markdown] lang="en" tags=["hint"]
# `pairs = max_elements // 9` is how many pairs a chunk may hold; take `min(len(triangles), pairs)` triangles, and `pairs` over that many rays.
# %% [markdown] lang="zh"
# ### 练习 · 不解方程组 · 40 分钟
#
# 三阶方程组可以用克莱姆法则（Cramer's rule）写成混合积；Möller 和 Trumbore 在 1997 年由此得到一个只有加减乘除的算法。
# 记 $E = B - A$，$F = C - A$，$T = O - A$，$N = E \times F$，$M = T \times D$，那么
#
# $$\det = -D \cdot N, \quad u = \frac{F \cdot M}{\det}, \quad v = -\frac{E \cdot M}{\det}, \quad s = \frac{T \cdot N}{\det}$$
#
# 快的诀窍在内存里：$x$、$y$、$z$ 各是一个 `nrays ntriangles` 的张量，而不是长度为 3 的最后一维；两边都切成块，小得能留在缓存（cache）里。
# %% [markdown] lang="en"
# ### Exercise · without solving · 40 min
#
# By Cramer's rule three equations become triple products; from these Möller and Trumbore made, in 1997, a method with nothing but arithmetic.
# Let $E = B - A$, $F = C - A$, $T = O - A$, $N = E \times F$, $M = T \times D$; then
#
# $$\det = -D \cdot N, \quad u = \frac{F \cdot M}{\det}, \quad v = -\frac{E \cdot M}{\det}, \quad s = \frac{T \cdot N}{\det}$$
#
# The speed lies in memory: $x$, $y$ and $z$ are a tensor `nrays ntriangles` each, not a last axis of length 3; and both sides are cut into chunks that stay in the cache.
# %%
def unit(vectors: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Each vector at length 1, zeros where it is 0; lengths like 1e-30 neither overflow nor vanish when squared."""
    largest = vectors.abs().amax(dim=-1, keepdim=True)
    scaled = vectors / torch.where(largest > 0, largest, 1.0)
    return torch.where(largest > 0, scaled / scaled.norm(dim=-1, keepdim=True), 0.0)


def dot(a, b) -> Tensor:
    """The dot product of two vectors given as three components, each a tensor of any shape."""
    return (a[0] * b[0]).addcmul_(a[1], b[1]).addcmul_(a[2], b[2])  # product and sum in one pass over memory


def cross(a, b) -> list[Tensor]:
    """The cross product of two vectors given as three components, each a tensor of any shape."""
    return [(a[i] * b[j]).addcmul_(a[j], b[i], value=-1) for i, j in ((1, 2), (2, 0), (0, 1))]


CHUNK = 2**18  # pairs in a chunk: its tensors stay in the cache, and are long enough for several cores
FEW = 512  # triangles in a chunk: what is computed once per triangle serves hundreds of rays


# %% exercise="moller_trumbore" difficulty=4 importance=4 minutes=40
def pair_distances(
    rays: Float[Tensor, "nrays 2 3"], triangles: Float[Tensor, "ntriangles 3 3"]
) -> Float[Tensor, "nrays ntriangles"]:
    """The distance of every pair, infinity where it misses; the directions have length 1, or 0."""
    # solution
    O, D = einops.rearrange(rays, "nrays point d -> point d nrays 1")
    A, B, C = einops.rearrange(triangles, "ntriangles corner d -> corner d ntriangles").contiguous()
    E, F = B - A, C - A
    N = torch.stack(cross(E, F))
    T = [O[i] - A[i] for i in range(3)]  # each component is nrays ntriangles from here on
    M = cross(T, D)
    det = dot(D, -N)
    u, v, s = dot(F, M) / det, dot(-E, M) / det, dot(T, N) / det
    smallest = torch.minimum(torch.minimum(u, v), torch.minimum(1 - u - v, s))
    parallel = det.abs() <= SINGULAR * E.norm(dim=0) * F.norm(dim=0)
    return torch.where((smallest >= 0) & ~parallel, s, math.inf)


def moller_trumbore(
    rays: Float[Tensor, "nrays 2 3"], triangles: Float[Tensor, "ntriangles 3 3"]
) -> Float[Tensor, " nrays"]:
    """What `raytrace_mesh` gives, on the inputs' device, for directions of any length; no system is solved, no matrix inverted."""
    require_finite(rays=rays, triangles=triangles)
    # solution
    rays = torch.stack([rays[:, 0], unit(rays[:, 1])], dim=1)
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    step = CHUNK // max(1, min(FEW, len(triangles)))
    for closest, some in zip(distance.split(step), rays.split(step), strict=True):
        for i in range(0, len(triangles), FEW):  # small results kept in a list would litter the heap
            torch.minimum(closest, pair_distances(some, triangles[i : i + FEW]).amin(dim=1), out=closest)
    return distance


if __name__ == "__main__":
    tests.test_moller_trumbore(moller_trumbore)


# %% [markdown] lang="zh" tags=["hint"]
# 光线的分量排成 `nrays 1`，三角形的分量排成 `ntriangles`：`O[0] - A[0]` 就自动广播成 `nrays ntriangles`。
# `einops.rearrange` 在这里只给出视图；再加 `.contiguous()`，每个分量才在内存里连成一段。
# %% [markdown] lang="en" tags=["hint"]
# Let components of rays have shape `nrays 1` and those of triangles `ntriangles`: then `O[0] - A[0]` broadcasts to `nrays ntriangles`.
# Here `einops.rearrange` gives only a view; with `.contiguous()` each component becomes one run of memory.
# %% [markdown] lang="zh" tags=["hint"]
# 不必先挑出平行的：除以 0 得到 `inf` 或 `nan`，总有一个条件不成立；但 `det` 很小却不是 0 时，还是要用 `SINGULAR` 排除。
# %% [markdown] lang="en" tags=["hint"]
# No need to pick out the parallel ones: a division by 0 gives `inf` or `nan`, and one of the conditions fails; where `det` is tiny but not 0, `SINGULAR` rules it out.
# %%
if __name__ == "__main__":
    ready = tests.test_make_rays_2d(make_rays_2d) and tests.test_raytrace_mesh_chunked(raytrace_mesh_chunked)
    if ready := ready and tests.test_moller_trumbore(moller_trumbore):
        rays, knot = make_rays_2d(50, 50, 0.5, 0.5), meshes.torus_knot(400) + torch.tensor([3.0, 0, 0])
        slow, fast = seconds(raytrace_mesh_chunked, rays, knot, 10**6), seconds(moller_trumbore, rays, knot)
        print(f"1,000,000 pairs: chunked {slow:.3f} s, moller_trumbore {fast:.4f} s: {slow / fast:.0f} x")


# %% [markdown] lang="zh" tags=["bonus"]
# `torch.compile` 把许多小运算合成一个循环，中间结果不再写回内存；它需要 C++ 编译器，没有就跳过。
# %% [markdown] lang="en" tags=["bonus"]
# `torch.compile` fuses many small operations into one loop, and intermediate results no longer go through memory; it needs a C++ compiler, and is skipped without one.
# %% tags=["bonus"]
def closest_pair(rays: Tensor, triangles: Tensor) -> Tensor:
    """What `torch.compile` gets: one chunk, from the pairs to the minimum."""
    return pair_distances(rays, triangles).amin(dim=1)


if __name__ == "__main__" and ready and (fast := compiled(closest_pair, rays[:500], knot)):
    before, after = seconds(closest_pair, rays[:500], knot), seconds(fast, rays[:500], knot)
    print(f"torch.compile: {before * 1e3:.2f} ms -> {after * 1e3:.2f} ms, {before / after:.1f} x as fast")


# %% [markdown] lang="zh"
# 先自检，再相信：同一幅画在每个加速器上各算一次，与 CPU 比较。
# %% [markdown] lang="en"
# Test before you trust: the same picture on each accelerator, compared with the CPU's.
# %%
if __name__ == "__main__" and ready:
    expected = moller_trumbore(rays, knot)
    accelerators = ["cuda"] * torch.cuda.is_available() + ["mps"] * torch.backends.mps.is_available()
    for device in accelerators:
        agree = torch.isclose(moller_trumbore(rays.to(device), knot.to(device)).cpu(), expected, rtol=1e-4)
        print(f"{device}: {agree.float().mean():.2%} of the pixels agree with the CPU")
    print(f"{len(accelerators)} accelerators compared")


# %% [markdown] lang="zh" tags=["bonus"]
# ## 9 · 选做：再快几十倍
#
# 一幅画的光线都从同一只眼睛出发。
# 把眼睛移到原点，三角形就成了一个金字塔：$D$ 在它里面，当且仅当它在三个侧面的内侧，也就是 $D \cdot (A \times B)$、$D \cdot (B \times C)$、$D \cdot (C \times A)$ 都不是负数。
# 距离的倒数 $D \cdot N / (A \cdot N)$ 对方向也是线性的：四个数，一次矩阵乘法。
# %% [markdown] lang="en" tags=["bonus"]
# ## 9 · Bonus: tens of times faster still
#
# All rays of a picture leave the same eye.
# Move the eye to 0, and a triangle becomes a pyramid: $D$ is in it if and only if it is on the inner side of three planes, that is if $D \cdot (A \times B)$, $D \cdot (B \times C)$ and $D \cdot (C \times A)$ are not negative.
# One over the distance, $D \cdot N / (A \cdot N)$, is linear in the direction too: four numbers, one matrix product.
# %% tags=["bonus"]
def shared_origin(rays: Float[Tensor, "nrays 2 3"]) -> Float[Tensor, " 3"]:
    """The origin of all rays, 0 without any; ValueError if they have several."""
    if len(other := (rays[:, 0] != rays[:1, 0]).any(dim=1).nonzero()):
        raise ValueError(f"ray {int(other[0])} has another origin than ray 0: use moller_trumbore for several origins")
    return rays[0, 0] if len(rays) else rays.new_zeros(3)


def edge_matrix(triangles: Float[Tensor, "ntriangles 3 3"]) -> Float[Tensor, "4 ntriangles 3"]:
    """The three inner sides and the inverse distance, as vectors to be multiplied by a direction from 0.

    Zeros, and so no hit, for triangles that are degenerate or seen edge-on; ValueError if 0 lies on a triangle.
    """
    A, B, C = triangles.unbind(dim=1)
    normal, size = torch.linalg.cross(B - A, C - A), (B - A).norm(dim=-1) * (C - A).norm(dim=-1)
    height = (A * normal).sum(dim=-1)
    sides = torch.stack([torch.linalg.cross(p, q) for p, q in ((A, B), (B, C), (C, A))])
    solid = normal.norm(dim=-1) > SINGULAR * size
    edge_on = height.abs() <= SINGULAR * size * A.norm(dim=-1)
    inside = einops.einsum(sides, normal, "side ntriangles d, ntriangles d -> side ntriangles").amin(dim=0) >= 0
    if len(at := (solid & edge_on & inside).nonzero()):
        raise ValueError(f"the eye lies on triangle {int(at[0])}: move it, or use moller_trumbore")
    matrix = torch.cat([sides * height.sign()[:, None], (normal / height[:, None])[None]])
    return torch.where((solid & ~edge_on)[:, None], matrix, 0.0)


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 一次矩阵乘法 · 25 分钟
#
# `edge_matrix` 已经让三个侧面都朝里；`nearness` 是距离的倒数，没有命中就是 0，于是取最大值。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · one matrix product · 25 min
#
# `edge_matrix` has turned the three sides inwards; `nearness` is one over the distance and 0 for a miss, so the maximum is wanted.
# %% exercise="raytrace_edges" difficulty=4 importance=2 minutes=25 tags=["bonus"]
def nearness(
    directions: Float[Tensor, "*batch nrays 3"], matrix: Float[Tensor, "*batch 4 ntriangles 3"]
) -> Float[Tensor, "*batch nrays ntriangles"]:
    """One over the distance of each pair, 0 where it misses; `matrix` is that of `edge_matrix`."""
    # solution
    ab, bc, ca, inverse = (directions[..., None, :, :] @ matrix.mT).unbind(dim=-3)
    return torch.where(torch.minimum(torch.minimum(ab, bc), ca) >= 0, inverse, 0.0)


def raytrace_edges(
    rays: Float[Tensor, "nrays 2 3"], triangles: Float[Tensor, "ntriangles 3 3"]
) -> Float[Tensor, " nrays"]:
    """What `raytrace_mesh` gives, for rays from one origin that lies on no triangle; ValueError otherwise."""
    require_finite(rays=rays, triangles=triangles)
    # solution
    if not len(rays) or not len(triangles):
        return torch.full_like(rays[:, 0, 0], math.inf)
    matrix, directions = edge_matrix(triangles - shared_origin(rays)), unit(rays[:, 1])
    nearest, step = torch.empty_like(rays[:, 0, 0]), max(1, CHUNK // len(triangles))
    for part, chunk in zip(nearest.split(step), directions.split(step), strict=True):
        part.copy_(nearness(chunk, matrix).amax(dim=1))
    return 1 / nearest


if __name__ == "__main__":
    tests.test_raytrace_edges(raytrace_edges)


# %% [markdown] lang="zh" tags=["hint"]
# `directions @ matrix.mT` 把 4 当作批：形状是 `4 nrays ntriangles`，`unbind` 就得到四个数。
# %% [markdown] lang="en" tags=["hint"]
# `directions @ matrix.mT` takes the 4 for a batch: the shape is `4 nrays ntriangles`, and `unbind` gives the four numbers.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 包围盒 · 10 分钟
#
# 最快的计算是不做的计算：碰不到盒子的光线，也碰不到盒子里的三角形。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · bounding boxes · 10 min
#
# The fastest computation is none at all: a ray that misses a box misses every triangle in it.
# %% exercise="bounding_boxes" difficulty=1 importance=2 minutes=10 tags=["bonus"]
def bounding_boxes(triangles: Float[Tensor, "*batch ntriangles 3 3"]) -> Float[Tensor, "*batch 2 3"]:
    """The least and the greatest x, y and z of each batch of one triangle or more."""
    # solution
    return torch.stack([triangles.amin(dim=(-3, -2)), triangles.amax(dim=(-3, -2))], dim=-2)


if __name__ == "__main__":
    tests.test_bounding_boxes(bounding_boxes)


# %% [markdown] lang="zh" tags=["hint"]
# `amin` 的 `dim` 可以是两个轴：三角形和顶点。
# %% [markdown] lang="en" tags=["hint"]
# `amin` takes two axes as `dim`: triangles and corners.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 光线与盒子 · 25 分钟
#
# 一个盒子是三层板（slab）的交：光线在每层板里停留一段 $[t_\text{near}, t_\text{far}]$，三段有公共部分，而且不全在眼睛后面，就是碰到。
# 光线与板平行时，要么一直在里面，要么永远不在。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · a ray and a box · 25 min
#
# A box is where three slabs meet: the ray is in each slab for some $[t_\text{near}, t_\text{far}]$; it hits if the three have something in common that is not all behind the eye.
# A ray parallel to a slab is in it always or never.
# %% exercise="intersect_boxes" difficulty=3 importance=2 minutes=25 tags=["bonus"]
def intersect_boxes(
    rays: Float[Tensor, "nrays 2 3"], boxes: Float[Tensor, "nboxes 2 3"]
) -> Bool[Tensor, "nrays nboxes"]:
    """Whether each ray meets each box (least, greatest corner), faces included; a ray that starts inside does."""
    # solution
    O, D = einops.rearrange(rays, "nrays point d -> point d nrays 1")
    low, high = einops.rearrange(boxes, "nboxes end d -> end d 1 nboxes")
    ends = torch.stack([low - O, high - O]) / D
    parallel, inside = D == 0, (low <= O) & (high >= O)
    near = torch.where(parallel, torch.where(inside, -math.inf, math.inf), ends.amin(dim=0)).amax(dim=0)
    far = torch.where(parallel, torch.where(inside, math.inf, -math.inf), ends.amax(dim=0)).amin(dim=0)
    return (near <= far) & (far >= 0)


if __name__ == "__main__":
    tests.test_intersect_boxes(intersect_boxes)


# %% [markdown] lang="zh" tags=["hint"]
# 方向的分量可正可负：先进哪一面，由 `amin` 和 `amax` 决定；三层板合起来，是最晚的进入和最早的离开。
# %% [markdown] lang="en" tags=["hint"]
# A component may have either sign: `amin` and `amax` say which face comes first; over three slabs, take the last entry and the first exit.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 两层 · 45 分钟
#
# 把相邻的光线分成小片，相邻的三角形分成小簇，各放进一个圆锥；两个圆锥不相交，里面就没有一对要算。
# 由近到远分几批算：一簇若比小片里已经找到的都远，就不必看了。
# 分组和圆锥已经写好：打开 `grouping.py`，看看 `groups`、`cones` 和 `overlaps`。
# 测试会把你造出的所有张量的元素个数加起来：1,500 条光线、2,000 个三角形，平均每一对要少于 8 个。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · two levels · 45 min
#
# Put neighbouring rays in a tile and neighbouring triangles in a cluster, and a cone round each; if two cones don't meet, no pair in them has to be tried.
# Go from near to far in a few rounds: a cluster that lies beyond all that a tile has found need not be looked at.
# Groups and cones are written already: open `grouping.py`, and look at `groups`, `cones` and `overlaps`.
# The test adds up the elements of all tensors that you make: for 1,500 rays and 2,000 triangles, fewer than 8 a pair.
# %% exercise="raytrace_two_level" difficulty=5 importance=2 minutes=45 tags=["bonus"]
def best_of_pairs(matrix: Tensor, tiles: Tensor, pairs: Int[Tensor, "2 npairs"], best: Tensor) -> None:
    """Updates `best` "ntiles nrays" in place with the greatest nearness in these pairs (tile, cluster), where it is more."""
    # solution
    for some in pairs.split(max(1, CHUNK // 2 // (tiles.shape[1] * matrix.shape[2])), dim=1):
        found = nearness(tiles[some[0]], matrix[some[1]]).amax(dim=-1)
        best.scatter_reduce_(0, some[0, :, None].expand_as(found), found, "amax")


def raytrace_two_level(
    rays: Float[Tensor, "nrays 2 3"],
    triangles: Float[Tensor, "ntriangles 3 3"],
    tile: int = 32,
    cluster: int = 32,
    rounds: int = 6,
) -> Float[Tensor, " nrays"]:
    """What `raytrace_edges` gives, for rays in any order; `tile` rays and `cluster` triangles at most share a cone."""
    require_finite(rays=rays, triangles=triangles)
    # solution
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    if not len(rays) or not len(triangles):
        return distance
    triangles = triangles - shared_origin(rays)
    directions = unit(rays[:, 1])
    margin = 1e-5 * triangles.abs().max() * torch.tensor([[-1.0], [1.0]]).to(rays)
    from_zero = torch.stack([torch.zeros_like(directions), directions], dim=1)
    ahead = intersect_boxes(from_zero, (bounding_boxes(triangles) + margin)[None])[:, 0].nonzero()[:, 0]
    matrix = edge_matrix(triangles)
    if not len(ahead):
        return distance
    members, parts = ahead[groups(directions[ahead], tile)], groups(triangles.mean(dim=1), cluster)
    tiles, corners = directions[members], triangles[parts].flatten(1, 2)
    cluster_cones = cones(unit(corners.flatten(0, 1)).view_as(corners))
    pairs = overlaps(cones(tiles), cluster_cones)
    at_least = (corners @ cluster_cones[0][:, :, None]).amin(dim=(1, 2))  # no point of the cluster is closer than this
    pairs = pairs[:, at_least[pairs[1]].argsort()]
    matrix = matrix[:, parts].transpose(0, 1).contiguous()  # one block of "4 ntriangles 3" per cluster
    best = tiles.new_zeros(members.shape)
    for some in pairs.tensor_split(rounds, dim=1):
        hidden = at_least[some[1]] * best.amin(dim=1)[some[0]] > 1.001
        best_of_pairs(matrix, tiles, some[:, ~hidden], best)
    distance[members] = 1 / best
    return distance


if __name__ == "__main__":
    ready = tests.test_raytrace_two_level(raytrace_two_level) and tests.test_raytrace_edges(raytrace_edges)
    if ready and tests.test_make_rays_2d(make_rays_2d):
        rays, knot = make_rays_2d(120, 120, 0.6, 0.6), meshes.torus_knot(10_000) + torch.tensor([3.0, 0, 0])
        slow, fast = seconds(raytrace_edges, rays, knot, repeats=1), seconds(raytrace_two_level, rays, knot)
        print(f"144,000,000 pairs: raytrace_edges {slow:.2f} s, raytrace_two_level {fast:.3f} s: {slow / fast:.0f} x")


# %% [markdown] lang="zh" tags=["hint"]
# 大致的步骤：把眼睛移到原点；用包围盒去掉什么都碰不到的光线；给方向和三角形的重心分组；给每一组做圆锥；`overlaps` 给出要算的对。
# 然后把这些对由近到远排好，分成几批交给 `best_of_pairs`。
# %% [markdown] lang="en" tags=["hint"]
# A plan: move the eye to 0; use a bounding box to drop the rays that can hit nothing; group the directions, and the triangles by their centres; make a cone for each group; `overlaps` gives the pairs to try.
# Then sort these pairs from near to far, and hand them to `best_of_pairs` in a few rounds.
# %% [markdown] lang="zh" tags=["hint"]
# 一簇里的点，沿圆锥的轴量得的距离，不会超过它到眼睛的距离：取顶点中的最小值，就是这一簇至少有多远。
# 若这个距离乘以小片里最小的 `best` 仍大于 1，这一对就可以略过；为舍入留一点余地，例如 1.001。
# %% [markdown] lang="en" tags=["hint"]
# Measured along the axis of its cone, a point is never farther than it is from the eye: the least of a cluster's corners is how far the cluster is at least.
# If that times the smallest `best` of a tile is above 1, skip the pair; leave some room for rounding, such as 1.001.
# %% [markdown] lang="zh" tags=["hint"]
# `matrix[some[1]]` 和 `tiles[some[0]]` 配成 `nearness` 的一批；同一小片可能出现在许多对里，用 `scatter_reduce_(..., "amax")` 合并。
# %% [markdown] lang="en" tags=["hint"]
# `matrix[some[1]]` and `tiles[some[0]]` are one batch for `nearness`; a tile is in many pairs, so join them with `scatter_reduce_(..., "amax")`.
# %% [markdown] lang="zh"
# ## 10 · 落日之前
#
# 一只狐狸，一盏灯，转一圈。
# 这里没有新东西：旋转、法向量、朗伯定律和混合积，都是你写的。
# %% [markdown] lang="en"
# ## 10 · Before sunset
#
# One fox, one lamp, one turn.
# Nothing here is new: the rotation, the normals, Lambert's law and the triple products are yours.
# %%
def lit_video(rays: Tensor, triangles: Tensor, light: Tensor, num_frames: int) -> Float[Tensor, "frames nrays"]:
    """A full turn about the z axis of a mesh at 0, seen from the rays' origins and lit from a fixed side."""
    rays = torch.stack([rays[:, 0], unit(rays[:, 1])], dim=1)
    frames = torch.full((num_frames, len(rays)), math.nan)
    for k in range(num_frames):
        turned = triangles @ rotation_matrix(torch.tensor(math.tau * k / num_frames)).T
        for i in range(0, len(rays), step := max(1, CHUNK // len(triangles))):
            distance, closest = pair_distances(rays[i : i + step], turned).min(dim=1)
            lit = shade(rays[i : i + step, 1], normals(turned)[closest], light, 0.15, 0.85)
            frames[k, i : i + step] = torch.where(distance.isinf(), math.nan, lit)
    return frames


if __name__ == "__main__":
    ready = tests.test_normals(normals) and tests.test_shade(shade) and tests.test_moller_trumbore(moller_trumbore)
    if ready and tests.test_rotation_matrix(rotation_matrix) and tests.test_make_rays_2d(make_rays_2d):
        rays = make_rays_2d(80, 80, 0.55, 0.55) - torch.tensor([[3.0, 0, 0], [0, 0, 0]])
        video = lit_video(rays, meshes.fox(), torch.tensor([-1.0, 0.7, 1.2]), 24)
        figures.lit_animation(video, 80, en="A fox, turning in the light", zh="光里转动的狐狸").show()
