# %% [markdown] lang="zh"
# # 第 1 天 · 光线追踪
#
# 今天用张量画一幅画：从眼睛射出许多光线，问每条光线最先碰到哪个三角形。
# 先写一条光线，再写一批，最后整幅画不用一个循环；一天结束时，一个被灯光照亮的网格在你面前转动。
#
# 在单元格里按 Shift+Enter 运行它；写完一个练习，它下面的测试就会开口说话。
# 卡住了就在终端运行 `coach hint make_rays_1d`。
# %% [markdown] lang="en"
# # Day 1 · ray tracing
#
# Today you paint with tensors: many rays leave the eye, and for each you ask which triangle it meets first.
# You write one ray, then a batch, then a whole picture without a loop; at the end of the day a lit mesh turns before you.
#
# Run a cell with Shift+Enter; once an exercise is written, the test beneath it speaks.
# If you are stuck, run `coach hint make_rays_1d` in a terminal.
# %%
import math
from collections.abc import Callable

import einops
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from part1_raytracing import figures, meshes, tests


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
    """The rays (origin, direction) from 0 through (1, y, 0), y evenly from -y_limit to y_limit; none for no pixels."""
    # solution
    rays = torch.zeros(num_pixels, 2, 3)
    rays[:, 1, 0] = 1
    rays[:, 1, 1] = torch.linspace(-y_limit, y_limit, num_pixels)
    return rays


if __name__ == "__main__":
    tests.test_make_rays_1d(make_rays_1d)
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
# 所以要与各列的长度比。
# %% [markdown] lang="en"
# ### Exercise · a ray and a segment · 20 min
#
# The segment runs from $L_1$ to $L_2$, through $L_1 + v(L_2 - L_1)$ with $0 \le v \le 1$.
# Where the two meet is a system of two equations:
#
# $$\begin{pmatrix} D & L_1 - L_2 \end{pmatrix} \begin{pmatrix} u \\ v \end{pmatrix} = L_1 - O$$
#
# Parallel lines make the matrix singular; but a small determinant does not: $10^{-3} I$ has only $10^{-6}$ and is easily solved.
# So compare with the lengths of the columns.
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
# 用 `torch.stack([D, L1 - L2], dim=-1)` 把两个向量并排成矩阵的两列，再交给 `torch.linalg.solve`。
# %% [markdown] lang="en" tags=["hint"]
# Set the two vectors side by side as columns with `torch.stack([D, L1 - L2], dim=-1)`, then call `torch.linalg.solve`.
# %% [markdown] lang="zh" tags=["hint"]
# 求解之前先问：`matrix.det().abs()` 比 `SINGULAR * matrix.norm(dim=0).prod()` 还小吗？
# 用 `<=`，零长度的方向也就一并排除了。
# %% [markdown] lang="en" tags=["hint"]
# Before you solve, ask: is `matrix.det().abs()` below `SINGULAR * matrix.norm(dim=0).prod()`?
# With `<=`, a direction of length zero is ruled out as well.
# %% [markdown] lang="zh" tags=["question"] see="intersect_ray_1d"
# 为什么不能用 `det < 1e-6` 来判断平行？举一个会判错的例子。
# %% [markdown] lang="en" tags=["question"] see="intersect_ray_1d"
# Why is `det < 1e-6` no test for parallel lines? Give an example that it gets wrong.
# %% [markdown] lang="zh" tags=["answer"]
# 行列式带着单位：把场景缩小 1000 倍，二维的行列式就缩小 $10^6$ 倍，而几何关系丝毫未变。
# `1e-3 * torch.eye(2)` 的两列互相垂直，却会被当成平行；`det` 还可能是负数。
# 除以列的长度之积，剩下的是夹角的正弦，与单位无关。
# %% [markdown] lang="en" tags=["answer"]
# A determinant has units: shrink the scene 1000 times and in two dimensions it shrinks $10^6$ times, while the geometry stays.
# The columns of `1e-3 * torch.eye(2)` are perpendicular, yet would be called parallel; and `det` may be negative.
# Divided by the columns' lengths it is the sine of the angle between them, which has no units.
# %% [markdown] lang="zh"
# ### 练习 · 一批光线 · 25 分钟
#
# 现在一次算完所有光线和所有线段，不写循环。
# 先把两边都变成 `nrays nsegments …` 的形状，再一次解完所有方程组。
# 一个奇异矩阵就会让整批求解失败，所以先把它们换成单位矩阵，最后再排除。
# %% [markdown] lang="en"
# ### Exercise · a batch of rays · 25 min
#
# Now all rays and all segments at once, without a loop.
# Bring both to the shape `nrays nsegments …`, then solve all systems in one call.
# One singular matrix makes the whole batch fail, so put an identity in its place, and rule it out at the end.
# %% exercise="intersect_rays_1d" difficulty=3 importance=5 minutes=25
def intersect_rays_1d(
    rays: Float[Tensor, "nrays 2 3"], segments: Float[Tensor, "nsegments 2 3"]
) -> Bool[Tensor, " nrays"]:
    """Whether each ray meets any of the segments, in the xy plane; with no segments, none does."""
    # solution
    O, D = einops.repeat(rays[..., :2], "nrays point xy -> point nrays nsegments xy", nsegments=len(segments))
    L1, L2 = einops.repeat(segments[..., :2], "nsegments point xy -> point nrays nsegments xy", nrays=len(rays))
    matrix = torch.stack([D, L1 - L2], dim=-1)
    singular = matrix.det().abs() <= SINGULAR * matrix.norm(dim=-2).prod(dim=-1)
    matrix = torch.where(singular[..., None, None], torch.eye(2).to(matrix), matrix)
    u, v = torch.linalg.solve(matrix, L1 - O).unbind(dim=-1)
    return (~singular & (u >= 0) & (v >= 0) & (v <= 1)).any(dim=-1)


if __name__ == "__main__":
    tests.test_intersect_rays_1d(intersect_rays_1d)
    segments = torch.tensor([[[1.5, -6.0, 0], [2.5, -1, 0]], [[4, 1, 0], [3, 4, 0]]])
    rays = make_rays_1d(9, 3.0)
    figures.plane(rays, segments, intersect_rays_1d(rays, segments)).show()


# %% [markdown] lang="zh" tags=["hint"]
# `einops.repeat(rays, "nrays p d -> nrays nsegments p d", nsegments=len(segments))` 让每条光线与每条线段配对。
# %% [markdown] lang="en" tags=["hint"]
# `einops.repeat(rays, "nrays p d -> nrays nsegments p d", nsegments=len(segments))` pairs each ray with each segment.
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
# 次序约定为 `(y z)`：`z` 变得快，`y` 变得慢。
# %% [markdown] lang="en"
# ### Exercise · a screen of rays · 15 min
#
# The screen has width and height, with one ray for every pixel.
# Their order is `(y z)`: `z` runs fast, `y` runs slowly.
# %% exercise="make_rays_2d" difficulty=2 importance=3 minutes=15
def make_rays_2d(num_pixels_y: int, num_pixels_z: int, y_limit: float, z_limit: float) -> Float[Tensor, "nrays 2 3"]:
    """The rays from 0 through (1, y, z), both evenly up to their limits, ends included, ordered as `(y z)`."""
    # solution
    rays = torch.zeros(num_pixels_y * num_pixels_z, 2, 3)
    y = torch.linspace(-y_limit, y_limit, num_pixels_y)
    z = torch.linspace(-z_limit, z_limit, num_pixels_z)
    rays[:, 1, 0] = 1
    rays[:, 1, 1] = einops.repeat(y, "y -> (y z)", z=num_pixels_z)
    rays[:, 1, 2] = einops.repeat(z, "z -> (y z)", y=num_pixels_y)
    return rays


if __name__ == "__main__":
    tests.test_make_rays_2d(make_rays_2d)
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
# 还要 $s \ge 0$：眼睛后面的三角形，谁也看不见。
# %% [markdown] lang="en"
# ### Exercise · a ray and a triangle · 20 min
#
# A triangle's plane holds the points $A + u(B - A) + v(C - A)$; they lie in it if and only if $u \ge 0$, $v \ge 0$, $u + v \le 1$.
# The ray gets to $O + sD$, so:
#
# $$\begin{pmatrix} -D & B - A & C - A \end{pmatrix} \begin{pmatrix} s \\ u \\ v \end{pmatrix} = O - A$$
#
# And $s \ge 0$: nobody sees a triangle behind the eye.
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
    tests.test_raytrace_triangle(raytrace_triangle)
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
# 就地改好它；每改对一处，就有一个测试变绿。
# %% [markdown] lang="en"
# ### Exercise · find three bugs · 25 min
#
# Mend it where it stands; each bug that goes turns one test green.
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
# 本课所有已知的错误都会来试一试；每个条件至少要有一条光线。
# %% [markdown] lang="en"
# ### Exercise · a test of your own · 20 min
#
# Now you set the questions: write a test that a right `triangle_ray_intersects` passes, and that catches every wrong one.
# All of this lesson's known mistakes will try it; each condition needs at least one ray.
# %% exercise="my_triangle_test" difficulty=3 importance=4 minutes=20
def my_triangle_test(triangle_ray_intersects: Callable[[Point, Point, Point, Point, Point], bool]) -> None:
    """Raises AssertionError if the function it is given is wrong."""
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
# 别忘了三种情形：正好落在角上、起点不在原点、整个场景缩小一千倍。
# %% [markdown] lang="en" tags=["hint"]
# Don't forget three: exactly at a corner, an origin that is not 0, and the whole scene a thousand times smaller.
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
    """The distance along each ray to the closest hit in front of it, infinity where there is none.

    Parallel rays, zero-length directions and degenerate triangles give no hit; NaN or infinity raises ValueError.
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
if __name__ == "__main__":
    rays = make_rays_2d(60, 60, 0.5, 0.5)
    rays[:, 0, 0] = -3  # step back: the mesh sits at the origin
    distance = raytrace_mesh(rays, meshes.torus_knot(400))
    figures.picture(1 / distance, 60, en="a torus knot, by closeness", zh="环面纽结：越近越亮").show()


# %% [markdown] lang="zh"
# ## 5 · 视图与拷贝
#
# 你已经用过 `unbind`、`expand_as` 和切片：它们不搬动数据，只换一种读法，叫做视图（view）。
# 写进视图，就写进了原来的张量。
# %% [markdown] lang="en"
# ## 5 · Views and copies
#
# You have used `unbind`, `expand_as` and slices: they move no data, they only read it otherwise, and are called views.
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
# 一个视图只有起点和步长（stride）可以改；问自己：新的元素次序，能用固定的步长走出来吗？
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
# 内存里的次序是一行接一行，`x` 的步长是 `(3, 1)`，六个元素用步长 1 就能走完，不必搬动。
# `x.T` 的步长是 `(1, 3)`：按它的次序要走地址 0、3、1、4、2、5，没有哪个固定的步长走得出来，`reshape` 只好拷贝。
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
    """The matrix R with `R @ point` turned by theta radians about the z axis; gradients reach theta."""
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
    """The distances of `raytrace_mesh` in each frame; before frame k, `matrix` has been applied to every point k times."""
    # solution
    frames = torch.empty(num_frames, len(rays)).to(rays)
    for k in range(num_frames):
        frames[k] = raytrace_mesh(rays, triangles)
        triangles = einops.einsum(matrix, triangles, "out d, ntriangles corner d -> ntriangles corner out")
    return frames


if __name__ == "__main__":
    tests.test_raytrace_mesh_video(raytrace_mesh_video)
    rays = make_rays_2d(40, 40, 0.5, 0.5)
    rays[:, 0, 0] = -3
    turn = rotation_matrix(torch.tensor(math.tau / 3 / 12))
    video = raytrace_mesh_video(rays, meshes.torus_knot(200), turn, 12)
    figures.animation(1 / video, 40, en="a torus knot, turning", zh="转动的环面纽结").show()

# %% [markdown] lang="zh" tags=["hint"]
# 点是行向量时写 `triangles @ matrix.T`；或者让 `einops.einsum` 把各维的名字写明白。
# %% [markdown] lang="en" tags=["hint"]
# Points stand in rows: `triangles @ matrix.T`; or let `einops.einsum` name the axes.
