# %% [markdown] lang="zh"
# # 第 1 天 · 光线追踪
#
# 这一课用张量画一幅画：从眼睛射出许多光线，看每条光线最先碰到哪个三角形。
# 先写一条光线和一条线段，再写一批，最后一整幅画没有一个循环；结束时，一个由几百个三角形拼成的绳结在你面前转动。
#
# **先修**：`part0_tensors`（形状、广播、视图、带形状的签名）、`part0_einops`（`repeat`）、`part0_maths`（矩阵、行列式、奇异）、`part0_debugging`（断点、自己写测试）。
# **时间**：约 4 个半小时；第 3 节之后正好休息。下一课 `part1_rendering` 给它打上灯，再让它快几十倍。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint make_rays_1d`，自测用 `coach questions`。
#
# 规矩有四条：一次调用里的浮点张量 dtype 都相同，输入是 float64，结果也是 float64（练习里写明是 float32 的除外）；不连续的输入也要对；传进来的张量，一个也不改动；没有光线、没有线段、没有三角形时也要有结果。
# 坐标和长度除了 0，大小都在 $10^{-6}$ 与 $10^6$ 之间；除非写明，都是有限的数。
# 条件里“等号也算”的情形（正好在端点、边或顶点上），只用每一步都没有舍入的数来考，例如 $4$ 除以 $8$：`torch.linalg.solve` 也好，别的算法也好，结果都一样；由舍入决定的不考。
# 只评判练习写明的东西：用循环也算对，怎么命名随你；只是这一课练的是不用循环。
# %% [markdown] lang="en"
# # Day 1 · ray tracing
#
# In this lesson you paint with tensors: many rays leave the eye, and for each you ask which triangle it meets first.
# You write one ray and one segment, then a batch, and at last a whole picture without a loop; at the end a knot made of hundreds of triangles turns before you.
#
# **You need** `part0_tensors` (shapes, broadcasting, views, signatures with shapes), `part0_einops` (`repeat`), `part0_maths` (matrices, determinants, singular) and `part0_debugging` (breakpoints, tests of your own).
# **Time**: about four and a half hours; after section 3 is a good place for a break. The next lesson, `part1_rendering`, adds light and makes it tens of times faster.
# **How to read**: guess first, then run, and only then write. `coach hint make_rays_1d` helps when you are stuck, `coach questions` asks the self-check.
#
# There are four rules: the floating-point tensors of one call have one dtype, and float64 in gives float64 out (except where an exercise says float32); inputs that aren't contiguous work too; a tensor that you are given stays as it was; no rays, no segments or no triangles still give a result.
# Apart from 0, coordinates and lengths are between $10^{-6}$ and $10^6$ in size; they are finite, unless an exercise says otherwise.
# Where equality counts (exactly at an end, on an edge or at a corner), you are judged only on numbers with which no step rounds, as in $4$ divided by $8$: `torch.linalg.solve` and any other method agree on them; what rounding decides isn't judged.
# Only what an exercise describes is judged: a loop is accepted, and names are free; what you practise here is to do without loops.
# %%
import math
import time
from collections.abc import Callable

import einops
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from part1_raytracing import figures, meshes, tests

# %% [markdown] lang="zh" tags=["question"] see="part0_einops.puzzle_4"
# 先回想 `part0_einops`，不要翻看：一行是 $1, 2$，`w -> (w 3)` 和 `w -> (3 w)` 各给出什么？哪个轴变得快？
# %% [markdown] lang="en" tags=["question"] see="part0_einops.puzzle_4"
# From `part0_einops`, without looking up: a row holds $1, 2$; what do `w -> (w 3)` and `w -> (3 w)` give? Which axis runs fast?
# %% [markdown] lang="zh" tags=["answer"]
# 第一个是 1, 1, 1, 2, 2, 2，第二个是 1, 2, 1, 2, 1, 2：括号里写在最后的轴变得快。
# 第 2 节给每个像素一条光线时，正要用它。
# %% [markdown] lang="en" tags=["answer"]
# The first gives 1, 1, 1, 2, 2, 2, the second 1, 2, 1, 2, 1, 2: the last axis in the brackets runs fast.
# Section 2 needs it, to give each pixel a ray.
# %% [markdown] lang="zh"
# ## 1 · 平面上的光线
# ### 倒过来走的光
#
# 相机里，光从物体出发，落进镜头；绝大多数光根本不进镜头，去算它们是白费力气。
# 所以画图的人倒过来走：从眼睛出发，穿过屏幕上的每一个像素，看这条路先碰到什么。
#
# 一条光线（ray）就是一个起点 $O$ 和一个方向 $D$，它经过所有的点 $O + uD$，其中 $u \ge 0$。
# 数 $u$ 说的是“沿方向走了几个 $D$”：$O = (1, 1)$，$D = (2, 1)$ 时，$u = 0$ 在起点，$u = 1$ 在 $(3, 2)$，$u = 2$ 在 $(5, 3)$；$u = -1$ 在 $(-1, 0)$，那是眼睛背后，不算。
# 坐标这样约定：$x$ 轴指向前方，屏幕立在 $x = 1$，$y$ 是水平方向，$z$ 朝上。
# %% [markdown] lang="en"
# ## 1 · Rays in the plane
# ### Light, followed backwards
#
# In a camera, light leaves the things and falls into the lens; but most light never gets there, and computing it is a waste.
# So whoever draws goes the other way: from the eye through each pixel of the screen, to see what this way meets first.
#
# A **ray** is an origin $O$ and a direction $D$; it passes through all points $O + uD$ with $u \ge 0$.
# The number $u$ says how many $D$ you have walked: with $O = (1, 1)$ and $D = (2, 1)$, $u = 0$ is the origin, $u = 1$ is $(3, 2)$, $u = 2$ is $(5, 3)$; $u = -1$ is $(-1, 0)$, which is behind the eye and doesn't count.
# The axes are these: $x$ points forward, the screen stands at $x = 1$, $y$ is horizontal and $z$ is up.
# %% [markdown] lang="zh" tags=["question"] see="make_rays_1d"
# 先猜，再运行下一格：$O = (1, 1)$，$D = (2, 1)$ 的光线经过点 $(2, 1)$ 吗？把 $D$ 换成 $(4, 2)$，它还是同一条光线吗？点 $(5, 3)$ 的 $u$ 变不变？
# %% [markdown] lang="en" tags=["question"] see="make_rays_1d"
# Guess, then run the next cell: does the ray with $O = (1, 1)$ and $D = (2, 1)$ pass through the point $(2, 1)$? Replace $D$ by $(4, 2)$: is it still the same ray? Does the $u$ of the point $(5, 3)$ change?
# %% [markdown] lang="zh" tags=["answer"]
# 不经过：$D$ 不是一个点，而是一段位移，要从 $O$ 出发去走。只有 $O = 0$ 时，$u = 1$ 的点才恰好是 $D$，所以容易看混。
# 换成 $(4, 2)$ 经过的点完全相同，只是一步变大了，$(5, 3)$ 的 $u$ 从 2 变成 1：所以 $u$ 不是距离，除非 $D$ 的长度是 1。
# %% [markdown] lang="en" tags=["answer"]
# It doesn't: $D$ isn't a point but a step, to be taken from $O$. Only with $O = 0$ is the point at $u = 1$ the same as $D$, and that is why the two are easily mixed up.
# With $(4, 2)$ it passes through exactly the same points, only in larger steps, and the $u$ of $(5, 3)$ goes from 2 to 1: so $u$ is no distance, unless $D$ has length 1.
# %%
if __name__ == "__main__":
    origin, direction = torch.tensor([1.0, 1]), torch.tensor([2.0, 1])
    for u in (-1, 0, 1, 2):
        print(f"u = {u}: {(origin + u * direction).tolist()}")
    figures.steps(origin, direction).show()


# %% [markdown] lang="zh"
# ### 练习 · 一排光线 · 10 分钟
#
# 从原点出发，射向屏幕 $x = 1$ 上均匀排开的点，第一条射向 $y = -$ `y_limit`，最后一条射向 $y = +$ `y_limit`，两端都算。
# 例如 `make_rays_1d(3, 2.0)` 的三个方向是 $(1, -2, 0)$、$(1, 0, 0)$、$(1, 2, 0)$：三个点之间只有*两个*间隔。
# 这里最外面的两条与 $x$ 轴夹角的正切是 2，约 63°，一共张开约 127°，这叫视角（angle of view）；`y_limit` 是 1 时两边各 45°，视角 90°。`y_limit` 越小，视角越窄，同一个东西占的画面就越大：这就是拉近镜头（变焦）。
# - 结果是 float32，形状 `nrays 2 3`：`rays[i, 0]` 是起点，`rays[i, 1]` 是方向；虽然只在平面里，也写三个坐标，$z$ 是 0。
# - 方向不必是单位长度：$x$ 分量总是 1。
# - `y_limit` 是大于 0 的浮点数；只有 1 个像素时它在 `-y_limit`；0 个像素时，形状是 `0 2 3`。
# %% [markdown] lang="en"
# ### Exercise · a row of rays · 10 min
#
# From the origin of the coordinates, aim at evenly spaced points of the screen $x = 1$; the first ray goes to $y = -$ `y_limit`, the last to $y = +$ `y_limit`, both ends included.
# For example, the three directions of `make_rays_1d(3, 2.0)` are $(1, -2, 0)$, $(1, 0, 0)$ and $(1, 2, 0)$: between three points there are only *two* gaps.
# Here the outermost two rays make an angle of about 63° with the $x$ axis (its tangent is 2), so they are some 127° apart: that is the **angle of view**; with a `y_limit` of 1 it is 45° on either side, 90° in all. With a smaller `y_limit` the angle is narrower, and the same thing fills more of the picture: you zoom in.
# - The result is float32, of shape `nrays 2 3`: `rays[i, 0]` is the origin, `rays[i, 1]` the direction; each has three coordinates, although all is in a plane and $z$ is 0.
# - A direction need not have length 1: its $x$ is always 1.
# - `y_limit` is a float above 0; a single pixel is at `-y_limit`; for 0 pixels the shape is `0 2 3`.
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
# 先造出整个张量，再往里填。哪些位置始终是 0？
# %% [markdown] lang="en" tags=["hint"]
# Make the whole tensor first, then fill it in. Which entries are always 0?
# %% [markdown] lang="zh" tags=["hint"]
# `rays[:, 1]` 是所有方向；`torch.linspace` 的两端都包括在内，个数是 0 或 1 时也不出错。
# %% [markdown] lang="en" tags=["hint"]
# `rays[:, 1]` holds all directions; `torch.linspace` includes both ends, and copes with 0 points and with 1.
# %% [markdown] lang="zh" numbers="1.5 0.5"
# ### 相遇就是一个方程组
#
# 线段从 $L_1$ 到 $L_2$，它上面的点是 $L_1 + v(L_2 - L_1)$，其中 $0 \le v \le 1$：$v = 0$ 是一端，$v = 1$ 是另一端，$v = 0.5$ 在正中。
# 光线与线段相遇，就是有一个点两边都能走到：
#
# $$O + uD = L_1 + v(L_2 - L_1)$$
#
# 把未知的 $u$、$v$ 移到左边，已知的移到右边：
#
# $$uD + v(L_1 - L_2) = L_1 - O$$
#
# 这是两个坐标，两个方程。（点有三个坐标，但在这一节里 $z$ 处处是 0；带上它就是三个方程、两个未知数，矩阵是 3×2 的，而 `solve` 只收方阵。）左边是 $u$ 乘一个向量，加 $v$ 乘另一个向量；`part0_maths` 说过，这正是一个矩阵乘 $(u, v)$，那两个向量是它的*列*：
#
# $$\begin{pmatrix} D & L_1 - L_2 \end{pmatrix} \begin{pmatrix} u \\ v \end{pmatrix} = L_1 - O$$
#
# 用笔走一遍：$O = 0$，$D = (1, 1)$，线段从 $(3, 0)$ 到 $(0, 3)$，所以 $L_1 - L_2 = (3, -3)$。
# 两个方程是 $u + 3v = 3$ 和 $u - 3v = 0$；相加得 $2u = 3$，于是 $u = 1.5$，$v = 0.5$：走一个半 $D$，正好在线段的中点 $(1.5, 1.5)$。
# 碰到，就是 $u \ge 0$（不在背后）而且 $0 \le v \le 1$（不在线段之外）；等号都算。
# 条件是端点带来的：光线有一个端点，对 $u$ 只有一个条件；线段有两个端点，对 $v$ 有两个；直线没有端点，也就没有条件：平面上的两条直线，只要不平行，总会相交。
# %% [markdown] lang="en" numbers="1.5 0.5"
# ### A meeting is a system of equations
#
# The segment from $L_1$ to $L_2$ has the points $L_1 + v(L_2 - L_1)$ with $0 \le v \le 1$: $v = 0$ is one end, $v = 1$ the other, $v = 0.5$ the middle.
# A ray and a segment meet if one point can be reached in both ways:
#
# $$O + uD = L_1 + v(L_2 - L_1)$$
#
# Bring the unknown $u$ and $v$ to the left, and what is known to the right:
#
# $$uD + v(L_1 - L_2) = L_1 - O$$
#
# Two coordinates make two equations. (The points have three, but in this section $z$ is 0 everywhere; with it there would be three equations for two unknowns, a matrix of 3×2, and `solve` takes square ones only.) On the left is $u$ times one vector plus $v$ times another; as `part0_maths` showed, that is a matrix times $(u, v)$, and the two vectors are its *columns*:
#
# $$\begin{pmatrix} D & L_1 - L_2 \end{pmatrix} \begin{pmatrix} u \\ v \end{pmatrix} = L_1 - O$$
#
# Walk it with a pencil: $O = 0$, $D = (1, 1)$, and a segment from $(3, 0)$ to $(0, 3)$, so $L_1 - L_2 = (3, -3)$.
# The equations are $u + 3v = 3$ and $u - 3v = 0$; their sum is $2u = 3$, so $u = 1.5$ and $v = 0.5$: one and a half $D$ take you to the middle of the segment, $(1.5, 1.5)$.
# It is a hit if $u \ge 0$ (not behind) and $0 \le v \le 1$ (not beyond an end); equal counts.
# Conditions come from ends: a ray has one end, so one condition on $u$; a segment has two ends, so two on $v$; a full line has no end and no condition: in the plane, two always meet unless they are parallel.
# %%
if __name__ == "__main__":
    O, D = torch.tensor([0.0, 0]), torch.tensor([1.0, 1])
    L1, L2 = torch.tensor([3.0, 0]), torch.tensor([0.0, 3])
    matrix = torch.stack([D, L1 - L2], dim=-1)  # side by side: the vectors are columns; dim=0 would make them rows
    print(matrix)
    u, v = torch.linalg.solve(matrix, L1 - O)  # the (u, v) for which matrix @ (u, v) is L1 - O
    print(
        f"u = {u:g}, v = {v:g}: from the ray {(O + u * D).tolist()}, from the segment {(L1 + v * (L2 - L1)).tolist()}"
    )
    figures.meeting(O, D, L1, L2).show()


# %% [markdown] lang="zh"
# ### 平行，还是只是小
#
# 光线与线段平行时，两列在同一条直线上（同向或反向），怎么混合也离不开这条直线：这样的矩阵叫奇异（singular）矩阵，行列式为 0；`torch.linalg.solve` 若正好算出这个 0，就会报错。
# 所以先要问“平行吗”。很多人写 `det.abs() < 1e-6`。下一格用四个矩阵来试，看看这样行不行。
# %% [markdown] lang="en"
# ### Parallel, or just small
#
# Where the ray is parallel to the segment, both columns lie on one line (the same way or opposite ways), and no mixture of them leaves it: such a matrix is **singular**, and its determinant is 0; `torch.linalg.solve` raises an error if it finds exactly 0.
# So first ask whether they are parallel. Many people write `det.abs() < 1e-6`. The next cell tries it on four matrices.
# %% [markdown] lang="zh" tags=["question"] see="intersect_ray_1d"
# 先猜：下面四个，数学上哪些是平行的？`det.abs() < 1e-6` 会说哪些平行？
# 两列各是：(1) $(0.1, 0.7)$ 与 $(-0.3, -2.1)$；(2) 同样两列，都乘 1000；(3) $10^{-4} I$ 的两列；(4) $(1, 1)$ 与 $(3, -3)$。
# %% [markdown] lang="en" tags=["question"] see="intersect_ray_1d"
# Guess: which of these four are parallel in mathematics? Which does `det.abs() < 1e-6` call parallel?
# Their columns: (1) $(0.1, 0.7)$ and $(-0.3, -2.1)$; (2) the same, both times 1000; (3) those of $10^{-4} I$; (4) $(1, 1)$ and $(3, -3)$.
# %% [markdown] lang="zh" tags=["answer"]
# (1) 和 (2) 平行：第二列是第一列的 $-3$ 倍。(3) 和 (4) 的两列互相垂直，离平行最远。
# `det.abs() < 1e-6` 说 (1) 和 (3) 平行，两头都错了：漏掉了 (2)，冤枉了 (3)。
# 行列式的绝对值是面积，带着单位：米换成毫米，它就变成一百万倍，而图形一点没变。
# %% [markdown] lang="en" tags=["answer"]
# (1) and (2) are: the second column is $-3$ times the first. In (3) and in (4) the columns are at right angles, as far from parallel as can be.
# `det.abs() < 1e-6` says (1) and (3), and is wrong twice: it misses (2), and rules out (3).
# The size of a determinant is an area and has units: in millimetres instead of metres it is a million times as large, while the picture is the same.
# %%
if __name__ == "__main__":
    slanted = torch.tensor([[0.1, -0.3], [0.7, -2.1]])
    for name, m in (
        ("(1) parallel, rounded", slanted),
        ("(2) the same, large", 1000 * slanted),
        ("(3) right angle, tiny", 1e-4 * torch.eye(2)),
        ("(4) as above", torch.tensor([[1.0, 3], [1, -3]])),
    ):
        det, lengths = m.det(), m.norm(dim=0)  # norm(dim=0): the rows vanish, a length is left for each column
        print(f"{name:22}  det {det:9.1e}   det / (length * length) {det / lengths.prod():8.1e}")
    u, v = torch.linalg.solve(slanted, torch.tensor([0.2, 1.4]))
    print(f"(1) solved all the same: u = {u:.2f}, v = {v:.2f}")


# %% [markdown] lang="zh" numbers="2.63 0.21"
# 最右一列才说了实话。
# 平行四边形的面积是两边之积乘夹角的正弦；除以两边之积，剩下的就是正弦：没有单位，场景放大缩小都不变。
# 所以规则是：**行列式的绝对值不超过两列长度之积的 `SINGULAR` 倍，就算平行**；`SINGULAR` 是 $10^{-6}$，也就是夹角不超过百万分之一弧度。
# 为什么不写 `== 0`？(1) 在数学上平行，但 0.1 和 0.7 存进 float32 时已经舍入，行列式成了 $10^{-8}$ 左右；`solve` 不报错，却给出 $u = 2.63$，$v = 0.21$，一个凭空的“碰到”。
# 用 `<=` 而不是 `<`，长度为零的方向或线段（$0 \le 0$）也就一并排除了。
#
# 还有一种麻烦比平行更常见：夹角很小但不是零，解是对的，却不稳定。
# 光线沿 $x$ 轴走，线段的斜率是 0.001：线段只抬高 0.001，交点就移动整整 1。
# 这样的方程组叫病态（ill-conditioned）：输入的一点误差，会在解里放大许多倍；两列差不多长时，放大的倍数大致就是正弦的倒数。它不必排除，但要知道它的解能信几位。
# %% [markdown] lang="en" numbers="2.63 0.21"
# Only the last column tells the truth.
# The area of a parallelogram is the product of its sides times the sine of the angle between them; divide by the sides, and the sine is left: it has no units, and doesn't depend on the scene's size.
# So the rule is: **the two count as parallel if the determinant's absolute value is at most `SINGULAR` times the product of the columns' lengths**; `SINGULAR` is $10^{-6}$, so the angle is at most a millionth of a radian.
# Why not `== 0`? In mathematics (1) is parallel, but 0.1 and 0.7 were rounded to float32, and the determinant became about $10^{-8}$; `solve` raises no error and gives $u = 2.63$, $v = 0.21$, a hit out of nothing.
# With `<=` instead of `<`, a direction or a segment of length zero ($0 \le 0$) is ruled out as well.
#
# One trouble is more common than parallel lines: an angle that is small and not zero. The solution is right, but not stable.
# Let a ray run along the $x$ axis, and a segment have the slope 0.001: raise the segment by only 0.001, and the meeting point moves by a whole 1.
# Such a system is **ill-conditioned**: a small error in the input becomes many times larger in the solution; with columns of about the same length, roughly by one over the sine. It need not be ruled out, but know how many digits of it you can trust.
# %% [markdown] lang="zh"
# ### 练习 · 光线与线段 · 20 分钟
#
# 光线碰到线段吗？返回 Python 的 `True` 或 `False`。
# 上面的例子是 `True`；线段换成从 $(3, 0)$ 到 $(2, 1)$，则 $v = 1.5$，是 `False`。
# - 只看 $x$ 和 $y$：$z$ 完全不理会，算长度时也不理会。
# - $u \ge 0$，$0 \le v \le 1$，等号都算；直接比，不要另加余地。线段比屏幕近也算。
# - 平行（也包括重合）以及长度为零的，一律 `False`；用上面那条规则，`SINGULAR` 就在下一格。
# %% [markdown] lang="en"
# ### Exercise · a ray and a segment · 20 min
#
# Does the ray meet the segment? Return Python's `True` or `False`.
# The example above is `True`; with a segment from $(3, 0)$ to $(2, 1)$, $v = 1.5$, so it is `False`.
# - Only $x$ and $y$ count: $z$ is ignored altogether, in lengths too.
# - $u \ge 0$ and $0 \le v \le 1$, equal counts; compare directly, with no margin of your own. A segment nearer than the screen is met as well.
# - Parallel (on one line, too) or of length zero: always `False`; use the rule above, `SINGULAR` stands in the next cell.
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
# 三步：取出四个平面上的点；平行就先返回；否则解出 $u$、$v$ 再比较。为什么第二步要在第三步之前？
# %% [markdown] lang="en" tags=["hint"]
# Three steps: take out the four points of the plane; return at once if parallel; else solve for $u$ and $v$, and compare. Why must the second come before the third?
# %% [markdown] lang="zh" tags=["hint"]
# `ray[:, :2]` 有两行，可以拆成两个变量；前面两个演示单元格里，矩阵、列的长度和长度之积都有了。
# 张量里的比较结果，用 `bool(…)` 变成 Python 的 `True` 或 `False`。
# %% [markdown] lang="en" tags=["hint"]
# `ray[:, :2]` has two rows, which can be unpacked into two names; the demonstrations above have the matrix, the columns' lengths and their product.
# `bool(…)` turns a comparison in a tensor into Python's `True` or `False`.
# %% [markdown] lang="zh"
# ### 从一对到一批
#
# 一幅小画也有几千条光线。写成循环，每一对都要调用几次 PyTorch，每次调用的准备就要几微秒，比算一个 2×2 的方程组长得多。
# `torch.linalg.solve` 接受*一批*矩阵：最后两维是矩阵，前面的维都是批。
# %% [markdown] lang="en"
# ### From one pair to a batch
#
# Even a small picture has thousands of rays. A loop calls PyTorch several times for each pair, and preparing a call takes some microseconds, far longer than solving a system of 2×2.
# `torch.linalg.solve` takes a *batch* of matrices: the last two axes are the matrix, and all axes before them are the batch.
# %% [markdown] lang="zh" tags=["question"] see="intersect_rays_1d"
# 先猜：2,000 个方程组，一个一个解，与一次解完，大约差几倍？如果其中一个矩阵是奇异的，一次解完会怎样：那一个是 `nan`，还是整批失败？
# %% [markdown] lang="en" tags=["question"] see="intersect_rays_1d"
# Guess: for 2,000 systems, how many times faster is one call than a loop? And if one of the matrices is singular, what does the one call do: give `nan` for that system, or fail for the whole batch?
# %% [markdown] lang="zh" tags=["answer"]
# 常常是几十倍到几百倍；机器不同，数字也不同，但不会是两三倍。
# 整批失败：一个是坏的，两千个就都没有结果。所以先把奇异的换成一个好解的矩阵，例如单位矩阵，解完以后再把那几个排除。换进去的是什么不要紧，反正它的解不用。
# %% [markdown] lang="en" tags=["answer"]
# Often tens or hundreds of times; the number depends on the machine, but it isn't two or three.
# The whole batch fails: one bad matrix, and none of two thousand gets a result. So first put a matrix that is easily solved in the singular ones' places, the identity for example, and rule these out afterwards. What you put in doesn't matter: its solution isn't used.
# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    many, right = torch.randn(2000, 2, 2), torch.randn(2000, 2)
    start = time.perf_counter()
    one_by_one = torch.stack([torch.linalg.solve(m, r) for m, r in zip(many, right, strict=True)])
    middle = time.perf_counter()
    at_once = torch.linalg.solve(many, right)
    end = time.perf_counter()
    print(
        f"one by one {middle - start:.4f} s, at once {end - middle:.4f} s; equal: {one_by_one.allclose(at_once, atol=1e-3)}"
    )
    many[7] = torch.tensor([[1.0, 2], [2, 4]])
    try:
        torch.linalg.solve(many, right)
    except RuntimeError as error:
        print(str(error)[:90])


# %% [markdown] lang="zh"
# ### 配对：一张表
#
# 三条光线、两条线段，有 3·2 = 6 对。把它们想成一张表：一行一条光线，一列一条线段，每格一个方程组。
# 要一张表，就让两边都有这两个轴：光线在 `nsegments` 上重复，线段在 `nrays` 上重复；`part0_einops` 的 `repeat` 正好做这件事，广播也行（一边在那个轴上的长度是 1）。
# 表里每格得到 `True` 或 `False` 以后，问“这条光线碰到*任何一条*吗”，就是让线段的轴消失：`.any(dim=-1)`。
# 换一个归约，就是换一个问题。
# `.all(dim=-1)` 问这条光线是否碰到*每一条*线段。
# `.any(dim=0)` 让光线的轴消失，问每条线段是否被*某条光线*碰到：长度是 `nsegments`，不是这里要的。
# 没有线段时，表有三行零列，`any` 对零个格子给出 `False`，正合题意。
#
# 造表时不用搬数据：`repeat` 只是新加一个轴，就可能是步长为 0 的视图（`part0_tensors`）；真正占内存的，是减法和 `stack` 之后的结果。
# %% [markdown] lang="en"
# ### Pairs: a table
#
# Three rays and two segments make 3·2 = 6 pairs. Think of them as a table: a row for each ray, a column for each segment, a system in each cell.
# For a table both sides need both axes: rays are repeated along `nsegments`, and segments along `nrays`; that is what `repeat` of `part0_einops` does, and broadcasting does it too (where one side has length 1 along that axis).
# Once each cell holds `True` or `False`, "does this ray meet *any* segment?" makes the segments' axis vanish: `.any(dim=-1)`.
# Another reduction is another question.
# `.all(dim=-1)` asks whether this ray meets *every* segment.
# `.any(dim=0)` makes the rays' axis vanish, and asks of each segment whether *some ray* meets it: the result has the length `nsegments`, and isn't what we want here.
# Without segments the table has three rows and no columns, and `any` of no cells is `False`, as it should be.
#
# No data is moved to make the table: a `repeat` that only adds an axis can be a view of stride 0 (`part0_tensors`); the subtraction and `stack` take memory.
# %%
if __name__ == "__main__":
    directions = torch.tensor([[1.0, 0], [1, 1], [1, 2]])  # three rays from 0
    ends = torch.tensor([[[3.0, 1], [3, -1]], [[3, 2], [2, 5]]])  # two segments, each from its first end to its second
    D = einops.repeat(directions, "nrays xy -> nrays nsegments xy", nsegments=2)
    L1, L2 = einops.repeat(ends, "nsegments end xy -> end nrays nsegments xy", nrays=3)
    matrix = torch.stack([D, L1 - L2], dim=-1)
    print("a matrix for each pair:", tuple(matrix.shape))
    u, v = torch.linalg.solve(matrix, L1).unbind(dim=-1)  # the origin is 0; unbind cuts the last axis into two
    hit = (u >= 0) & (v >= 0) & (v <= 1)  # & element by element: `and` takes single truth values only
    figures.pairs_table(u, v, hit).show()


# %% [markdown] lang="zh"
# ### 练习 · 一批光线 · 25 分钟
#
# 每条光线碰到线段中的任何一条吗？规则与 `intersect_ray_1d` 完全相同。
# 上面的三条光线、两条线段给出 `[True, True, True]`；去掉第二条线段，就是 `[True, False, False]`。
# - 结果是布尔张量，形状 `nrays`；没有线段，全是 `False`；没有光线，形状是 `0`。
# - 一个奇异的矩阵不能连累别的：先用 `torch.where` 把它换成单位矩阵，解完再把它那一对（只是那一对：同一条光线还可能碰到别的线段）排除，算碰不到；`part0_tensors` 里把分母的 0 先换成 1，用的是同一招。
# - 同一条规则要按每一对来判：每个矩阵有自己的行列式和两列长度；前面多了批的轴，行的轴就是 `dim=-2`。
# %% [markdown] lang="en"
# ### Exercise · a batch of rays · 25 min
#
# Does each ray meet any of the segments? The rules are exactly those of `intersect_ray_1d`.
# The three rays and two segments above give `[True, True, True]`; without the second segment it is `[True, False, False]`.
# - The result is a tensor of truth values, of shape `nrays`; without segments all are `False`; without rays the shape is `0`.
# - A singular matrix must not spoil the others: first put the identity in its place by `torch.where`, and after solving rule that one pair out, as a miss (not the whole ray, which may meet another segment); in `part0_tensors` a denominator of 0 was made 1 in the same way.
# - The rule is applied to each pair: every matrix has its own determinant and its own two lengths; with the batch's axes in front, the axis of the rows is `dim=-2`.
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
# 每个张量都写下形状：`matrix` 是 `nrays nsegments 2 2`，那么行列式、两列长度、`u` 各是什么形状？
# 列的长度要消去矩阵的*行*：从右边数，它是第几个轴？
# %% [markdown] lang="en" tags=["hint"]
# Write down every shape: `matrix` is `nrays nsegments 2 2`, so what are the shapes of the determinants, of the columns' lengths and of `u`?
# For a column's length the *rows* of the matrix vanish: which axis is that, counted from the right?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.where(where, a, b)` 逐元素地选：`where` 是条件；条件的形状是 `nrays nsegments`，矩阵多两个轴，所以条件要加两个 `None`。
# 单位矩阵用 `torch.eye`；`.to(matrix)` 连 dtype 和设备一起带上。
# %% [markdown] lang="en" tags=["hint"]
# `torch.where(where, a, b)` chooses element by element: `where` is the condition; the condition has shape `nrays nsegments`, a matrix has two axes more, so give it two `None`.
# The identity is `torch.eye`; `.to(matrix)` takes dtype and device along.
# %% [markdown] lang="zh" tags=["hint"]
# 最后一行把四个条件用 `&` 连起来（别忘了 `~singular`），再让线段的轴消失。
# %% [markdown] lang="en" tags=["hint"]
# The last line joins four conditions by `&` (remember `~singular`), and then lets the segments' axis vanish.
# %% [markdown] lang="zh" numbers="5"
# ## 2 · 屏幕与三角形
# ### 像素排成一行
#
# 屏幕有宽也有高，每个像素一条光线；可是 `rays` 只有一个光线的轴，所以要把两个轴并成一个，先说好顺序。
# 这里约定 `(y z)`：`z` 变得快，`y` 变得慢。屏幕是 3 列（$y$）、2 行（$z$）时，第 $i$ 列第 $j$ 行的光线是第 $2i + j$ 条，都从 0 数起：第 2 列第 1 行是第 5 条，也就是最后一条。
# 要把一串颜色变回画，`rearrange` 用同一个括号拆开就行：`(y z) -> z y`。
# 这样得到的第 0 行是最小的 $z$，也就是画的最下面；我们的图从下往上画。看图片的程序却多半把第 0 行画在*最上面*，画就倒了：交给它们之前，先用 `flip(0)` 把各行倒过来。
# %% [markdown] lang="en" numbers="5"
# ## 2 · The screen and a triangle
# ### Pixels in a row
#
# The screen has width and height, and one ray for every pixel; but `rays` has a single axis for them, so two axes are joined, in an order to be agreed on.
# Here it is `(y z)`: `z` runs fast, `y` slowly. On a screen of 3 columns ($y$) and 2 rows ($z$), the ray in column $i$ and row $j$ is number $2i + j$, all counted from 0: column 2, row 1 is number 5, the last.
# To turn a row of colours into a picture again, `rearrange` splits by the same brackets: `(y z) -> z y`.
# Row 0 of it then has the smallest $z$, the bottom of the picture, and our figures draw upwards. But most programs for images draw row 0 at the *top*, and the picture stands on its head: reverse the rows by `flip(0)` before you hand it over.
# %%
if __name__ == "__main__":
    number = torch.arange(3 * 2)
    print(einops.rearrange(number, "(y z) -> y z", y=3).tolist())
    print("column 2, row 1:", int(einops.rearrange(number, "(y z) -> y z", y=3)[2, 1]))


# %% [markdown] lang="zh"
# ### 练习 · 一屏光线 · 15 分钟
#
# 从原点出发，穿过屏幕 $x = 1$ 上一格一格的点；$y$ 与 $z$ 各自均匀，两端都算，像 `make_rays_1d` 那样。
# `make_rays_2d(3, 2, 3.0, 0.5)` 的方向依次是 $(1, -3, -0.5)$、$(1, -3, 0.5)$、$(1, 0, -0.5)$、$(1, 0, 0.5)$、$(1, 3, -0.5)$、$(1, 3, 0.5)$。
# 画上的像素都是方的，但两条光线之间的间隔与范围成正比，与像素数（几乎）成反比：`make_rays_2d(60, 40, 0.6, 0.4)` 两个方向几乎一样密；范围若都是 0.6，$y$ 方向的光线就密到 $z$ 方向的约 1.5 倍，同一个东西占的列多了，画里就横着拉长到约 1.5 倍。
# - 结果是 float32，形状 `nrays 2 3`，顺序 `(y z)`；方向的 $x$ 总是 1。
# - 两个范围都是大于 0 的浮点数；某个方向只有 1 个像素，它就在负的那一端；有一个是 0 个，就没有光线，形状 `0 2 3`。
# %% [markdown] lang="en"
# ### Exercise · a screen of rays · 15 min
#
# From the origin, pass through a grid of points of the screen $x = 1$; $y$ and $z$ are evenly spaced each, both ends included, as in `make_rays_1d`.
# The directions of `make_rays_2d(3, 2, 3.0, 0.5)` are in turn $(1, -3, -0.5)$, $(1, -3, 0.5)$, $(1, 0, -0.5)$, $(1, 0, 0.5)$, $(1, 3, -0.5)$ and $(1, 3, 0.5)$.
# Pixels are drawn as squares, but the gap between two rays grows as the limit grows, and shrinks as the pixels become more: with `make_rays_2d(60, 40, 0.6, 0.4)` it is nearly the same along both axes; with 0.6 for both limits rays are about 1.5 times as dense along $y$ as along $z$, so a thing covers more columns, and is drawn about 1.5 times as wide.
# - The result is float32, of shape `nrays 2 3`, in the order `(y z)`; the $x$ of a direction is always 1.
# - Both limits are floats above 0; where there is 1 pixel along an axis, it is at the negative end; where there are 0, there are no rays, and the shape is `0 2 3`.
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
# 只看六个 $y$：-3, -3, 0, 0, 3, 3；再只看六个 $z$。各是怎样重复出来的？
# %% [markdown] lang="en" tags=["hint"]
# Look at the six $y$ alone: -3, -3, 0, 0, 3, 3; then at the six $z$. How does repeating make each of them?
# %% [markdown] lang="zh" tags=["hint"]
# 两个 `linspace`，各用一次 `einops.repeat`，右边都是 `(y z)`；左边不同，新加的轴也不同。
# %% [markdown] lang="en" tags=["hint"]
# Two `linspace`, and `einops.repeat` for each, both with `(y z)` on the right; the left differs, and so does the new axis.
# %% [markdown] lang="zh" numbers="0.25 0.75 0.5 -0.25"
# ### 三角形里的坐标
#
# 怎样知道一个点在不在三角形里？给三角形自己的坐标：从顶点 $A$ 出发，沿边 $B - A$ 走 $u$ 份，沿边 $C - A$ 走 $v$ 份，到 $A + u(B - A) + v(C - A)$。
# $u$、$v$ 从 0 到 1 走遍的是平行四边形；三角形是它的一半：$u \ge 0$，$v \ge 0$，而且 $u + v \le 1$。
#
# 用笔算一遍：$A = (0, 0)$，$B = (4, 0)$，$C = (0, 2)$，所以 $u = x/4$，$v = y/2$。
#
# | 点 | $u$ | $v$ | $1 - u - v$ | 在里面吗 |
# |---|---|---|---|---|
# | $(1, 0.5)$ | 0.25 | 0.25 | 0.5 | 在 |
# | $(3, 1)$ | 0.75 | 0.5 | -0.25 | 不在，虽然 $u$、$v$ 都在 0 到 1 之间 |
# | $(-1, 1)$ | -0.25 | 0.5 | 0.75 | 不在 |
#
# 把 $A + u(B - A) + v(C - A)$ 重新整理，就是 $(1 - u - v)A + uB + vC$：三个和为 1 的权重，把三个顶点混合起来，叫重心坐标（barycentric coordinates）。
# 三个权重都不是负数，点就在三角形里；哪一个是负的，点就在与那个顶点相对的边之外。上表第二行是 $A$ 的权重为负，所以点在边 $BC$ 之外。
# 图形程序用同样三个权重，把三个顶点的颜色混合成里面每一点的颜色。
# %% [markdown] lang="en" numbers="0.25 0.75 0.5 -0.25"
# ### Coordinates of a triangle
#
# How do you know whether a point is in a triangle? Give the triangle coordinates of its own: from corner $A$ go $u$ times along the edge $B - A$ and $v$ times along the edge $C - A$, to $A + u(B - A) + v(C - A)$.
# With $u$ and $v$ from 0 to 1 you reach a parallelogram; the triangle is half of it: $u \ge 0$, $v \ge 0$ and $u + v \le 1$.
#
# With a pencil: $A = (0, 0)$, $B = (4, 0)$ and $C = (0, 2)$, so $u = x/4$ and $v = y/2$.
#
# | point | $u$ | $v$ | $1 - u - v$ | inside? |
# |---|---|---|---|---|
# | $(1, 0.5)$ | 0.25 | 0.25 | 0.5 | yes |
# | $(3, 1)$ | 0.75 | 0.5 | -0.25 | no, although $u$ and $v$ are from 0 to 1 |
# | $(-1, 1)$ | -0.25 | 0.5 | 0.75 | no |
#
# Rearranged, $A + u(B - A) + v(C - A)$ is $(1 - u - v)A + uB + vC$: three weights that sum to 1 mix the three corners, and they are called **barycentric coordinates**.
# If none of the three is negative, the point is in the triangle; where one is, the point is beyond the edge opposite that corner. In the second row it is the weight of $A$, so that point is beyond the edge $BC$.
# Graphics programs mix the colours of the corners by the same three weights, to colour each point inside.
# %%
if __name__ == "__main__":
    A, B, C = torch.tensor([[0.0, 0], [4, 0], [0, 2]])
    points = torch.tensor([[1.0, 0.5], [3, 1], [-1, 1]])
    # each column on the right is a system of its own; after .T there is a row (u, v) for each point
    weights = torch.linalg.solve(torch.stack([B - A, C - A], dim=-1), (points - A).T).T
    for point, (u, v) in zip(points.tolist(), weights.tolist(), strict=True):
        print(f"{point}: u = {u:g}, v = {v:g}, 1 - u - v = {1 - u - v:g}")
    figures.triangle_coordinates(A, B, C, points, weights).show()


# %% [markdown] lang="zh" numbers="1 0.25 -16"
# ### 光线与三角形：三个未知数
#
# 光线走到 $O + sD$，三角形所在的平面走到 $A + u(B - A) + v(C - A)$；令它们相等，把未知的移到左边：
#
# $$\begin{pmatrix} -D & B - A & C - A \end{pmatrix} \begin{pmatrix} s \\ u \\ v \end{pmatrix} = O - A$$
#
# 例如 $A = (2, 0, 0)$，$B = (2, 2, 0)$，$C = (2, 0, 4)$，从原点沿 $D = (2, 0.5, 1)$：
# 平面是 $x = 2$，所以 $s = 1$，碰在 $(2, 0.5, 1)$；沿 $B - A = (0, 2, 0)$ 走了 $u = 0.25$ 份，沿 $C - A = (0, 0, 4)$ 走了 $v = 0.25$ 份。
# 四个条件：$s \ge 0$（背后的看不见），$u \ge 0$，$v \ge 0$，$u + v \le 1$。
#
# 三阶行列式的绝对值，是三列张成的斜盒子的体积，单位是长度的立方；光线与三角形平行、三角形压扁成一条线（退化）、方向长度为零，体积都是 0。
# 所以规则照旧，只是现在除以*三列*长度之积。
#
# 三个向量若拼成了*行*，矩阵还是方的，行列式还是 -16，`solve` 也不报错，只是解了另一个方程组：这里得到 $(1, 0, 0)$，而不是 $(1, 0.25, 0.25)$；第一个数碰巧还是对的。
# 抓得住它的，是一个用笔算过的例子，再把矩阵打印出来（或在调试器里展开），看每一列是不是你想的那个向量。
# 例子的几个答案最好各不相同：这里 $u$ 和 $v$ 都是 0.25，若把它们对调了，就看不出来。
# %% [markdown] lang="en" numbers="1 0.25 -16"
# ### A ray and a triangle: three unknowns
#
# The ray gets to $O + sD$, the plane of the triangle to $A + u(B - A) + v(C - A)$; set them equal, and bring the unknowns to the left:
#
# $$\begin{pmatrix} -D & B - A & C - A \end{pmatrix} \begin{pmatrix} s \\ u \\ v \end{pmatrix} = O - A$$
#
# For example, $A = (2, 0, 0)$, $B = (2, 2, 0)$ and $C = (2, 0, 4)$, from the origin along $D = (2, 0.5, 1)$:
# the plane is $x = 2$, so $s = 1$, and it is met at $(2, 0.5, 1)$: that is $u = 0.25$ times $B - A = (0, 2, 0)$ and $v = 0.25$ times $C - A = (0, 0, 4)$.
# There are four conditions: $s \ge 0$ (nobody sees what is behind), $u \ge 0$, $v \ge 0$ and $u + v \le 1$.
#
# The size of a determinant of three columns is the volume of the slanted box that they span, in cubes of the unit of length.
# It is 0 for a ray parallel to the triangle, for a triangle squashed to a line (degenerate), and for a direction of length zero.
# So the rule is the old one, now with the product of *three* columns' lengths.
#
# Stack the three vectors as *rows*, and the matrix is still square, the determinant still -16, and `solve` doesn't complain: it solves another system, and here gives $(1, 0, 0)$ in place of $(1, 0.25, 0.25)$; the first number is even right, by chance.
# What catches this is an example worked out with a pencil, and a look at the matrix, printed or in the debugger: is each column the vector that you meant?
# Let its answers all differ: here $u$ and $v$ are both 0.25, which hides an exchange of the two.
# %% [markdown] lang="zh" tags=["question"] see="triangle_ray_intersects"
# 先猜：同一个三角形，方向换成 $(2, 1.5, 3)$、$(-2, -0.5, -1)$、$(0, 1, 1)$，各碰到吗？不碰的，是哪个条件不成立？
# %% [markdown] lang="en" tags=["question"] see="triangle_ray_intersects"
# Guess: the same triangle, with the directions $(2, 1.5, 3)$, $(-2, -0.5, -1)$ and $(0, 1, 1)$: does each hit it? Where not, which condition fails?
# %% [markdown] lang="zh" tags=["answer"]
# 都碰不到。第一条：$u = 0.75$，$v = 0.75$，各自都不到 1，和却是 1.5；忘了 $u + v \le 1$，画出来的就是平行四边形。
# 第二条：$u$、$v$ 都是 0.25，可是 $s = -1$：它在背后。第三条与平面 $x = 2$ 平行，矩阵奇异。
# %% [markdown] lang="en" tags=["answer"]
# None of them hits. The first: $u = 0.75$ and $v = 0.75$, each below 1, but their sum is 1.5; without $u + v \le 1$ you draw a parallelogram.
# The second: $u$ and $v$ are 0.25, but $s = -1$: it is behind. The third is parallel to the plane $x = 2$, and the matrix is singular.
# %%
if __name__ == "__main__":
    A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    for direction in ([2.0, 0.5, 1], [2.0, 1.5, 3], [-2.0, -0.5, -1], [0.0, 1, 1]):
        matrix = torch.stack([-torch.tensor(direction), B - A, C - A], dim=-1)
        sine_like = matrix.det().abs() / matrix.norm(dim=0).prod()
        if sine_like <= SINGULAR:
            print(direction, "is parallel")
            continue
        s, u, v = torch.linalg.solve(matrix, -A).tolist()  # O is 0
        print(f"{direction}: s = {s:g}, u = {u:g}, v = {v:g}")
    rows = torch.stack([-torch.tensor([2.0, 0.5, 1]), B - A, C - A], dim=0)  # the vectors as rows: no error
    print(f"as rows: det {rows.det():g}, s, u, v = {[round(x) for x in torch.linalg.solve(rows, -A).tolist()]}")


# %% [markdown] lang="zh"
# ### 练习 · 光线与三角形 · 20 分钟
#
# 从 $O$ 沿 $D$ 的光线碰到三角形 $ABC$ 吗？返回 Python 的 `True` 或 `False`。例子见上一格：依次是 `True`、`False`、`False`、`False`。
# - 边和顶点都算；从哪一面看都算；起点就在三角形上，也算。四个条件直接比，不留余地。
# - 平行（连同光线整条在平面里）、退化、方向长度为零：`False`，按 `SINGULAR` 判断。
# - 起点不一定是原点。
# %% [markdown] lang="en"
# ### Exercise · a ray and a triangle · 20 min
#
# Does the ray from $O$ along $D$ meet the triangle $ABC$? Return Python's `True` or `False`. For examples see the last cell: `True`, `False`, `False`, `False`.
# - Edges and corners count; it may be seen from either side; an origin on the triangle counts too. Compare the four conditions directly, with no margin.
# - Parallel (also a ray within the plane), degenerate, or a direction of length zero: `False`, judged by `SINGULAR`.
# - The origin need not be 0.
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
# 与线段的练习相同，只是多了一维：三列，三个未知数。右边是什么？上一格里为什么只写了 $-A$？
# %% [markdown] lang="en" tags=["hint"]
# It is the segment's exercise with one dimension more: three columns, three unknowns. What is the right-hand side? Why was it only $-A$ in the cell above?
# %% [markdown] lang="zh" tags=["hint"]
# 先判断奇异，再 `solve`，再四个条件；少了 $u + v \le 1$，你测的就是平行四边形。
# %% [markdown] lang="en" tags=["hint"]
# Check for singular first, then `solve`, then the four conditions; without $u + v \le 1$ you test a parallelogram.
# %% [markdown] lang="zh"
# ### 练习 · 画一个三角形 · 20 分钟
#
# 同样的方程，所有光线一起解。
# 三角形只有一个，它的边形状是 `3`；光线有 `nrays` 条，方向的形状是 `nrays 3`：减法会自动广播，`torch.stack` 却要求形状完全相同，所以先用 `expand_as` 把边也变成 `nrays 3`；它只是视图，不占新内存。
# - 规则与 `triangle_ray_intersects` 完全相同；奇异的那几条先换成单位矩阵，最后排除，像 `intersect_rays_1d` 那样。
# - 结果是布尔张量，形状 `nrays`；没有光线，形状是 `0`。
# %% [markdown] lang="en"
# ### Exercise · draw a triangle · 20 min
#
# The same equations, solved for all rays together.
# There is one triangle, with edges of shape `3`, and there are `nrays` directions, of shape `nrays 3`: a subtraction broadcasts by itself, but `torch.stack` wants equal shapes, so first make the edges `nrays 3` by `expand_as`; it is a view, and takes no new memory.
# - The rules are exactly those of `triangle_ray_intersects`; put the identity in place of singular matrices, and rule these rays out at the end, as in `intersect_rays_1d`.
# - The result is a tensor of truth values, of shape `nrays`; without rays the shape is `0`.
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
        hits = raytrace_triangle(make_rays_2d(60, 60, 0.6, 0.6), triangle)
        figures.picture(hits.float(), 60, en="one triangle", zh="一个三角形").show()


# %% [markdown] lang="zh" tags=["hint"]
# `rays` 是 `nrays 2 3`：怎样拆成起点和方向，各是 `nrays 3`？中间那个轴要消失。
# %% [markdown] lang="en" tags=["hint"]
# `rays` is `nrays 2 3`: how do you take it apart into origins and directions, each `nrays 3`? The axis in the middle has to go.
# %% [markdown] lang="zh" tags=["hint"]
# `rays.unbind(dim=1)` 给出两个；之后每一行都是上一个练习的那一行，只是前面多了一个 `nrays`，`dim` 从右边数就不会错。
# %% [markdown] lang="en" tags=["hint"]
# `rays.unbind(dim=1)` gives the two; from there each line is a line of the last exercise with `nrays` before it, and a `dim` counted from the right stays correct.
# %% [markdown] lang="zh"
# ## 3 · 找错，和抓错
# ### 先写下该是多少
#
# 下面的函数能运行，形状也对，图却是错的：里面藏着三个错误，都是人们常犯的。
# 盯着看很难找到，因为你看见的是你以为写在那里的东西。在 `part0_debugging` 你用过断点；这里再加一条纪律：**停下之前，先在纸上写好每个变量该是多少**，停下之后逐个对照，第一个对不上的，就是错误所在。
#
# 用这两条光线来对（单元格最后的 `print` 就是它们）：
#
# | | $O$ | $D$ | $s$ | $u$ | $v$ | 碰到 |
# |---|---|---|---|---|---|---|
# | 第 0 条 | $(0, 0, 0)$ | $(2, 0.5, 1)$ | 1 | 0.25 | 0.25 | 是 |
# | 第 1 条 | $(-2, 0, 0)$ | $(4, 1.5, 3)$ | 1 | 0.75 | 0.75 | 否 |
#
# 做法：在 `return` 那一行左边点一下，设断点；点单元格上方的“调试单元格”（Debug Cell）；停下以后，在变量窗口展开 `O`、`D`、`matrix`、`s`、`u`、`v`，或者在监视里写 `O[1]`。
# 三个错误互相遮盖：改好一处，再停一次。
# %% [markdown] lang="en"
# ## 3 · Finding bugs, and catching them
# ### First write down what it should be
#
# The function below runs, its shapes are right, and its picture is wrong: three bugs hide in it, of a kind that people really write.
# Staring at it helps little: you see what you think it says. In `part0_debugging` you used breakpoints; add a discipline: **before you stop, write down what each variable should be**; then compare one by one, and the first that differs shows where the bug is.
#
# Use these two rays (they are in the `print` at the end of the cell):
#
# | | $O$ | $D$ | $s$ | $u$ | $v$ | hit |
# |---|---|---|---|---|---|---|
# | ray 0 | $(0, 0, 0)$ | $(2, 0.5, 1)$ | 1 | 0.25 | 0.25 | yes |
# | ray 1 | $(-2, 0, 0)$ | $(4, 1.5, 3)$ | 1 | 0.75 | 0.75 | no |
#
# Click to the left of the line of `return`, for a breakpoint; choose "Debug Cell" above the cell; when it stops, open `O`, `D`, `matrix`, `s`, `u` and `v` among the variables, or watch `O[1]`.
# The three bugs hide one another: fix one, and stop again.
# %% [markdown] lang="zh"
# ### 练习 · 找出三个错误 · 25 分钟
#
# 就地改好它：改好以后，它与 `raytrace_triangle` 完全一样（连同没有光线的情形）。评判只看结果；但这里练的是找错，整个重写就什么也没练到。
# 下面有三个测试，各盯一个错误，依次是：光线有没有混在一起、三角形的边、起点不在原点。每改对一处，就有一个变绿。
# 改好以前 `print` 给出 `[False, True]`，改好以后是 `[True, False]`。
# %% [markdown] lang="en"
# ### Exercise · find three bugs · 25 min
#
# Fix it in place, so that it does exactly what `raytrace_triangle` does (without rays, too). Only the result is judged; but if you write it anew, you don't practise finding bugs.
# Three tests follow, each for one bug, in this order: rays that are mixed up, the triangle's edges, an origin that isn't 0. Each bug that you fix turns one of them green.
# Before, `print` gives `[False, True]`, afterwards `[True, False]`.
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
    wall = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    two = torch.tensor([[[0.0, 0, 0], [2, 0.5, 1]], [[-2, 0, 0], [4, 1.5, 3]]])
    print(raytrace_triangle_with_bug(two, wall).tolist())
    tests.test_raytrace_triangle_with_bug_rays(raytrace_triangle_with_bug)
    tests.test_raytrace_triangle_with_bug_edge(raytrace_triangle_with_bug)
    tests.test_raytrace_triangle_with_bug_origin(raytrace_triangle_with_bug)


# %% [markdown] lang="zh" tags=["hint"]
# 停在 `matrix` 那一行：`O[1]` 和 `D[1]` 是表里第 1 条光线的起点和方向吗？
# %% [markdown] lang="en" tags=["hint"]
# Stop at the line of `matrix`: are `O[1]` and `D[1]` the origin and the direction of ray 1 in the table?
# %% [markdown] lang="zh" tags=["hint"]
# 看方程右边：`O` 变了，它会变吗？
# 然后看第 1 条光线的 $u$ 和 $v$：它们对了，为什么还说碰到？
# %% [markdown] lang="en" tags=["hint"]
# Look at the right-hand side: does it change when `O` changes?
# Then look at $u$ and $v$ of ray 1: they are right, so why does it say hit?
# %% [markdown] lang="zh" tags=["question"] see="raytrace_triangle_with_bug"
# `rays` 是 `nrays 2 3`，`rays.reshape(2, -1, 3)` 的形状也是 `2 nrays 3`，正是想要的：为什么错？两条光线时，`reshape` 得到的“起点”实际是哪两行？
# %% [markdown] lang="en" tags=["question"] see="raytrace_triangle_with_bug"
# `rays` is `nrays 2 3`, and `rays.reshape(2, -1, 3)` has the wanted shape `2 nrays 3`: why is it wrong? With two rays, which two rows are the "origins" that `reshape` gives?
# %% [markdown] lang="zh" tags=["answer"]
# `reshape` 按内存的顺序往下读，从不交换轴：两条光线时，前一半内存是第 0 条光线的起点*和方向*，于是方向当了起点。
# 要把中间的轴拆开或换到前面，用 `unbind`、`transpose` 或 `rearrange`。只用一条光线来试就看不出来：两种写法给出同样的数，所以测试里要有两条以上。
# %% [markdown] lang="en" tags=["answer"]
# `reshape` reads on in memory's order and never exchanges axes: with two rays the first half of the memory is ray 0's origin *and direction*, so a direction is taken for an origin.
# To take the axis in the middle apart, or bring it to the front, use `unbind`, `transpose` or `rearrange`. With a single ray you can't see it, since both give the same numbers; so test with two or more.
# %% [markdown] lang="zh"
# ### 练习 · 你自己的测试 · 20 分钟
#
# 现在换你来出题：写一个测试，正确的 `triangle_ray_intersects` 通过，错的一个也不放过。
# 测试是一个函数，参数是别人写的 `triangle_ray_intersects(A, B, C, O, D)`；发现错误就 `assert` 失败（抛出 `AssertionError`，别的异常不算），没有错误就什么也不返回。
#
# 十个错的函数会来试一试，每一个只错一处，分四类：
# - 四个条件里少了或写错一个；
# - 边和顶点不算；
# - 奇异的规则：平行也算碰到，或者把小当成奇异（只看 $|\det| \le 10^{-6}$）；
# - 矩阵拼错，或忘了起点。
#
# 要抓住少了某个条件的函数，就选一条*只*违反那个条件的光线：例如 $u$、$v$、$s$ 都合格、只有和大于 1 的光线，才能逮到少了 $u + v \le 1$ 的函数。
# 用整数坐标、一个平行于屏幕的三角形，$u$、$v$、$s$ 心算就得到；传进去的是形状 `3` 的浮点张量。那些函数都用分数计算，没有舍入，所以正好在边上的光线也可以拿来考。
# %% [markdown] lang="en"
# ### Exercise · a test of your own · 20 min
#
# Now you set the questions: write a test that a right `triangle_ray_intersects` passes, and that lets no wrong one pass.
# The test is a function whose argument is somebody's `triangle_ray_intersects(A, B, C, O, D)`; where it finds an error an `assert` fails (it raises `AssertionError`; other exceptions don't count), and where it finds none it returns nothing.
#
# Ten wrong functions will try it, each with one thing wrong, of four kinds:
# - one of the four conditions is missing or miswritten;
# - edges and corners don't count;
# - the rule on singular ones: parallel counts as a hit, or small is taken for singular (by $|\det| \le 10^{-6}$ alone);
# - the matrix is put together wrongly, or the origin is forgotten.
#
# To catch a function that lacks a condition, choose a ray that breaks *only* that condition: a function without $u + v \le 1$ is caught by a ray whose $u$, $v$ and $s$ are fine, and only the sum is above 1.
# With whole-number coordinates and a triangle parallel to the screen, you can find $u$, $v$ and $s$ in your head; pass floating-point tensors of shape `3`. All these functions compute in fractions and round nothing, so rays that are exactly on an edge may be used too.
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
# 用第 2 节的那个三角形：它已经给了你四条光线。哪几个条件还没有光线专门盯着？
# %% [markdown] lang="en" tags=["hint"]
# Take the triangle of section 2: it comes with four rays. Which conditions have no ray of their own yet?
# %% [markdown] lang="zh" tags=["hint"]
# 别忘了四种情形：正好落在顶点上、起点不在原点、与三角形平行、整个场景缩小一千倍。
# %% [markdown] lang="en" tags=["hint"]
# Don't forget four: exactly at a corner, an origin that is not 0, a parallel ray, and the whole scene a thousand times smaller.
# %% [markdown] lang="zh" numbers="2 5 3 1"
# ## 4 · 网格
# ### 最近的那一个
#
# 网格（mesh）是许多三角形拼成的曲面；三角形总是平的，又便宜，所以图形程序几乎什么都用它拼。
# 一条光线可能穿过好几个三角形，眼睛看见的是最近的那个：对每一对求距离，没碰到的记作无穷大，再对三角形的轴取最小。
#
# 三堵墙在 $x = 2$、$x = 5$、$x = 3$，眼睛在原点向前看：$s$ 是 2、5、3，最近的是 2。
# 方向换成 $(2, 0, 0)$，$s$ 成了 1、2.5、1.5，墙并没有动：一步变大，步数就变少。
# 真正的距离是步数乘每一步的长度，$s \lVert D \rVert$，其中 $\lVert D \rVert$ 是 $D$ 的长度：$1 \cdot 2 = 2$。
# 同一条光线比远近，用 $s$ 也不会错；但画深浅、比较两条光线，就要真正的距离。
#
# 网格里相邻的三角形有公共边。光线正对着公共边时，两个三角形各算一次，舍入各不相同：两个都算碰到，不碍事，几乎一样远，取小就是；两个都算没碰到，画上就漏出一个洞。
# 我们让 4,000 条光线对准随机的公共边（float32）：大约 140 条从中间漏了过去。专门的程序给条件留一点点余地，或者让两边用同一个算式算公共边；这一课照规则直接比。
# %% [markdown] lang="en" numbers="2 5 3 1"
# ## 4 · A mesh
# ### The closest one
#
# A **mesh** is a surface put together from many triangles; a triangle is always flat, and cheap, so graphics programs make nearly everything of them.
# A ray may pass through several triangles, and the eye sees the closest: find the distance of every pair, call a miss infinity, and take the minimum over the triangles' axis.
#
# Let three walls stand at $x = 2$, $x = 5$ and $x = 3$, and the eye look forward from 0: $s$ is 2, 5 and 3, and the closest is 2.
# With the direction $(2, 0, 0)$, $s$ becomes 1, 2.5 and 1.5, though no wall has moved: longer steps, fewer of them.
# The true distance is the number of steps times their length, $s \lVert D \rVert$, where $\lVert D \rVert$ is the length of $D$: $1 \cdot 2 = 2$.
# To tell which is closer along one ray, $s$ is enough; to draw depth, or to compare two rays, you need the distance.
#
# Neighbouring triangles of a mesh have a common edge. A ray aimed just at it is computed for both, and each rounds in its own way: if both say hit there is no harm, since the minimum takes one of two nearly equal distances; if both say miss, the picture has a hole.
# We aimed 4,000 rays at random common edges (in float32), and about 140 slipped through. Serious programs leave a tiny margin, or compute the common edge by the same formula from both sides; in this lesson compare directly, as the rules say.
# %% [markdown] lang="zh" tags=["question"] see="raytrace_mesh"
# 先猜：没碰到的那些对，用 0 代替无穷大行不行？用一个很大的数，例如 $10^6$，或者用 `nan` 呢？
# %% [markdown] lang="en" tags=["question"] see="raytrace_mesh"
# Guess: would 0 do for a miss, in place of infinity? Or a large number such as $10^6$, or `nan`?
# %% [markdown] lang="zh" tags=["answer"]
# 0 最糟：取最小时它总是赢。`nan` 也不行：最小值里只要有一个 `nan`，结果就是 `nan`。
# 大数能用，但总有一天场景比它还大，而且事后分不清“很远”和“没有”。无穷大比任何有限的数都大，1 除以它得 0，又能用 `isinf` 认出来。
# %% [markdown] lang="en" tags=["answer"]
# 0 is the worst: it always wins the minimum. `nan` won't do either: a minimum with one `nan` in it is `nan`.
# A large number works, until one day a scene is larger; and afterwards "far" and "nothing" can't be told apart. Infinity is larger than every finite number, one over it is 0, and `isinf` recognises it.
# %%
if __name__ == "__main__":
    walls = torch.tensor([2.0, 5, 3])
    for step in (1.0, 2.0):
        s = walls / step
        print(f"|D| = {step:g}: s = {s.tolist()}, closest s {s.min():g}, distance {(s * step).min():g}")
    for miss in (0.0, math.inf, math.nan):
        print(f"a miss written as {miss}: the minimum of 2 and a miss is {torch.tensor([2.0, miss]).amin():g}")


# %% [markdown] lang="zh"
# ### 坏数要当场报错
#
# 顶点里只要有一个 `nan`，它参加的 `>=` 和 `<=` 就都是 `False`，于是“没碰到”：画上悄悄地多出一个洞，没有任何报错。
# 所以入口处先查一遍，这一行已经替你写好，在两课里都用它。
# %% [markdown] lang="en"
# ### Bad numbers are an error at once
#
# With one `nan` in a corner, each `>=` and `<=` that it takes part in is `False`, and so "no hit": a hole in the picture, and no error.
# So look at the input first; this is written for you, and used in both lessons.
# %%
def require_finite(**tensors: Tensor) -> None:
    """Raises ValueError if one of the named tensors holds NaN or infinity: it would leave silent holes in the picture."""
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise ValueError(f"{name} {tuple(tensor.shape)} holds NaN or infinity: look at {name}[~{name}.isfinite()]")


# %% [markdown] lang="zh"
# ### 练习 · 到网格的距离 · 30 分钟
#
# 返回每条光线到前方最近的三角形的*距离*，没碰到就是无穷大（`math.inf`）。
# 三堵墙在 $x = 2$、5、3，光线从 $(1, 0, 0)$ 沿 $(4, 0, 0)$：结果是 1，不是 0.25。
# - 什么算碰到，与 `triangle_ray_intersects` 相同；方向可长可短（长度从 $10^{-5}$ 到 $10^5$），结果都是距离。
# - 没有三角形时全是无穷大；没有光线时形状是 `0`；结果的 dtype 与 `rays` 相同。
# - `nan` 或无穷大的输入抛出 `ValueError`：第一行已经做了，留着它。
# - 自己试的时候，至少要有两个场景：三角形在眼睛*背后*（少了 $s \ge 0$ 就露馅）；两个三角形一前一后，*远的排在前面*（随便取一个碰到的，就露馅）。
# - 几百个三角形的答案没法用笔算，但不管答案是多少都成立的性质可以考：整个场景（连同光线的起点）放大一倍，距离也大一倍；三角形换个顺序，结果不变；加上一个在所有光线背后的三角形，结果也不变。
# - 试着一次解完 `nrays ntriangles` 个方程组（循环也算对）；有四条光线、三个三角形时，矩阵的形状是 `4 3 3 3`。
# %% [markdown] lang="en"
# ### Exercise · the distance to a mesh · 30 min
#
# Return for each ray the *distance* to the closest triangle in front of it, and infinity (`math.inf`) where there is none.
# With three walls at $x = 2$, 5 and 3, a ray from $(1, 0, 0)$ along $(4, 0, 0)$ gives 1, and not 0.25.
# - A hit is what `triangle_ray_intersects` says; directions may be long or short (from $10^{-5}$ to $10^5$), the result is the distance.
# - Without triangles all is infinity; without rays the shape is `0`; the result has the dtype of `rays`.
# - `nan` or infinity in the input raises `ValueError`: the first line does that already, keep it.
# - When you try it out, have at least two scenes: a triangle *behind* the eye (it shows a missing $s \ge 0$), and two triangles one behind the other with the *farther one first* in the list (it shows that just any hit was taken).
# - For hundreds of triangles you can't work out the answer, but you can test properties that any right answer has: with the whole scene twice as large, the rays' origins included, all distances double; with the triangles in another order, or with one more that is behind every ray, nothing changes.
# - Try to solve all `nrays ntriangles` systems in one call (a loop is accepted); for four rays and three triangles the matrix has shape `4 3 3 3`.
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
# 与 `intersect_rays_1d` 的配对方式相同；这次两边都是 `nrays ntriangles` 个三维的点，共五样：$O$、$D$、$A$、$B$、$C$。
# %% [markdown] lang="en" tags=["hint"]
# Pair them as in `intersect_rays_1d`; this time both sides are `nrays ntriangles` points in space, of five kinds: $O$, $D$, $A$, $B$ and $C$.
# %% [markdown] lang="zh" tags=["hint"]
# 哪些对碰到了，写法与 `raytrace_triangle` 一样；没有碰到的地方用 `torch.where` 填上无穷大。
# %% [markdown] lang="en" tags=["hint"]
# Find which pairs are hits as in `raytrace_triangle`; elsewhere `torch.where` puts infinity.
# %% [markdown] lang="zh" tags=["hint"]
# `amin` 对零个三角形会报错：接上一列无穷大（`torch.cat`），最小值就总是存在。
# %% [markdown] lang="en" tags=["hint"]
# `amin` of no triangles is an error: append one more column of infinity (`torch.cat`), and there always is a minimum.
# %% [markdown] lang="zh"
# 颜色越亮，离你越近；这里画的是距离的倒数，没碰到的地方 $1/\infty = 0$，正好最暗。
# 为什么不直接画距离？上色之前，要先把数缩放到 0 与 1 之间，例如除以最大的一个；里面有一个无穷大，碰到的就都成了 $d/\infty = 0$，没碰到的成了 $\infty/\infty$，也就是 `nan`，图里什么也不剩。
# 想画距离本身，先把没碰到的换成有限的数，例如碰到的里面最远的那个距离。
# 这个绳结叫环面纽结（torus knot）：一根管子沿着圆环走两圈，同时绕着它盘三圈，最后首尾相接；造它的代码在 `meshes.py` 里。
# %% [markdown] lang="en"
# The brighter, the closer to you: what is drawn is one over the distance, and where nothing is hit, $1/\infty = 0$ is darkest.
# Why not the distance itself? Before numbers become colours they are brought to the range from 0 to 1, divided by the largest, say; with one infinity among them every hit becomes $d/\infty = 0$ and every miss $\infty/\infty$, which is `nan`, and nothing is left to see.
# To draw distances, first replace the misses by something finite, such as the largest distance of a hit.
# The knot is a **torus knot**: a tube that goes twice round a ring, winds about it three times on the way, and then meets its own beginning; `meshes.py` makes it.
# %%
if __name__ == "__main__" and tests.test_make_rays_2d(make_rays_2d) and tests.test_raytrace_mesh(raytrace_mesh):
    rays = make_rays_2d(60, 60, 0.5, 0.5)
    rays[:, 0, 0] = -3  # step back: the mesh sits at the origin
    distance = raytrace_mesh(rays, meshes.torus_knot(400))
    figures.picture(1 / distance, 60, en="a torus knot, by closeness", zh="环面纽结：越近越亮").show()


# %% [markdown] lang="zh" tags=["question"] see="raytrace_mesh"
# 这幅画有 3,600 条光线、400 个三角形。那一个 `matrix` 有多少个数，占多少兆字节（float32 一个数 4 字节）？1,920×1,080 的画、一万个三角形呢？
# %% [markdown] lang="en" tags=["question"] see="raytrace_mesh"
# This picture has 3,600 rays and 400 triangles. How many numbers are in `matrix` alone, and how many megabytes are they (4 bytes for a float32)? And for a picture of 1,920×1,080 with ten thousand triangles?
# %% [markdown] lang="zh" tags=["answer"]
# 3,600·400·9 = 12,960,000 个，约 52 MB。大画是 2,073,600·10,000·9 个数，约 750 GB：普通的机器放不下。
# 一次算完很快，但中间结果的大小是两个数目的*乘积*。下一课 `part1_rendering` 先数好字节，再切块。
# %% [markdown] lang="en" tags=["answer"]
# 3,600·400·9 = 12,960,000, about 52 MB. The large picture takes 2,073,600·10,000·9 numbers, about 750 GB: no ordinary machine holds it.
# To compute all at once is fast, but the size of what is made on the way is the *product* of the two counts. The next lesson, `part1_rendering`, first counts bytes and then cuts into chunks.
# %% [markdown] lang="zh"
# ## 5 · 视图与拷贝，再来一次
# ### 几行代码里谁搬了数据
#
# 你已经用过 `unbind`、`expand_as`、`repeat`、切片和 `reshape`。`part0_tensors` 说过：内存是一条线，张量是读它的一种方式（形状、步长、偏移量）；能用固定的步长读出来的，就可以是视图，否则只好拷贝。
# 两件事因此要心里有数：写进视图，就写进了原来的张量；拷贝要内存和时间。
# 先看一个容易让人上当的：`x[0][1] = 100` 改了 `x`，`x[x > 0][0] = 100` 却什么也没改。
# %% [markdown] lang="en"
# ## 5 · Views and copies, once more
# ### Who moved data in a few lines of code
#
# You have used `unbind`, `expand_as`, `repeat`, slices and `reshape`. From `part0_tensors`: memory is one line, and a tensor is a way of reading it (shape, strides, offset); what fixed strides can read may be a view, all else must be copied.
# So keep two things in mind: to write into a view is to write into the tensor it came from; and a copy takes memory and time.
# First one that misleads: `x[0][1] = 100` changes `x`, and `x[x > 0][0] = 100` changes nothing.
# %%
if __name__ == "__main__":
    x = torch.tensor([[1.0, -2, 3], [4, 5, -6]])
    x[0][1] = 100  # x[0] is a view of a row
    x[x > 0][0] = 100  # x[x > 0] is a copy, and only the copy was changed
    print(x.tolist())
    print(
        "addresses:",
        x.data_ptr() == x[1].data_ptr(),
        x.untyped_storage().data_ptr() == x[1].untyped_storage().data_ptr(),
    )


# %% [markdown] lang="zh"
# 最后一行比了两种地址：`data_ptr()` 是张量*第一个元素*的地址，`x[1]` 的第一个元素不是 `x` 的第一个；`untyped_storage()` 是下面那块内存本身，它的 `data_ptr()` 才是整块的地址。
# %% [markdown] lang="en"
# The last line compares two kinds of addresses: `data_ptr()` is that of a tensor's *first element*, and the first of `x[1]` isn't the first of `x`; `untyped_storage()` is the block of memory beneath, and its `data_ptr()` is the address of the whole block.
# %% [markdown] lang="zh"
# ### 练习 · 同一块内存吗 · 10 分钟
#
# 两个张量读的是同一块内存吗？返回 Python 的 `True` 或 `False`。
# 例如 `x[0]` 和 `x[1]` 没有共同的元素，却在同一块里：`True`；`x` 和 `x.clone()`：`False`。
# - 只看内存块：形状、dtype、数值相等与否、是谁的视图，都不相干。比的是块的地址，不是 Python 的对象：`torch.from_numpy(x.numpy())` 另有一个存储对象，字节却还是那些，所以是 `True`。
# - 空的块（`torch.empty(0)` 的，地址是 0）不与任何张量共用，连自己也不。从别的块里切出来的空张量，例如 `x[:0]`，不评判。
# %% [markdown] lang="en"
# ### Exercise · the same memory? · 10 min
#
# Do two tensors read the same block of memory? Return Python's `True` or `False`.
# For example, `x[0]` and `x[1]` have no element in common and are in one block: `True`; `x` and `x.clone()`: `False`.
# - Only the block counts: shapes, dtypes, equal values and whose view it is don't matter. Compare the blocks' addresses, not Python's objects: `torch.from_numpy(x.numpy())` has a storage object of its own over the same bytes, so that is `True`.
# - An empty block (that of `torch.empty(0)`, its address is 0) is not shared with any tensor, not even with itself. An empty tensor cut from another block, such as `x[:0]`, is not judged.
# %% exercise="shares_storage" difficulty=2 importance=4 minutes=10
def shares_storage(a: Tensor, b: Tensor) -> bool:
    """Whether both tensors read the same block of memory, even different parts of it; an empty block is shared by none."""
    # solution
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() != 0


if __name__ == "__main__":
    tests.test_shares_storage(shares_storage)

# %% [markdown] lang="zh" tags=["hint"]
# 前面演示的那一格打印了两个真假，哪一个回答了这里的问题？
# %% [markdown] lang="en" tags=["hint"]
# The demonstration above prints two truth values: which one answers the question here?
# %% [markdown] lang="zh" tags=["hint"]
# 两边的地址要相等，而且不是 0；Python 允许把两次比较连起来写。
# %% [markdown] lang="en" tags=["hint"]
# The two addresses must be equal, and not 0; Python lets you chain two comparisons.
# %% [markdown] lang="zh"
# ### 练习 · 视图还是拷贝 · 15 分钟
#
# 先猜，再测：`x` 是连续的 float32 张量，形状 `2 3`；下面每个结果与 `x` 共用内存吗？
# （`x.expand(4, 2, 3)` 在前面添一个长 4 的轴，每一步都停在原处，步长是 0。）
# 返回一个字典，键是 `OPERATIONS` 的每一项，值是 `True`（共用）或 `False`。
# 问自己：新的顺序，能从内存 0、1、2、3、4、5 里用固定的步长走出来吗？走得出来，PyTorch 还愿不愿意不搬？
# %% [markdown] lang="en"
# ### Exercise · view or copy · 15 min
#
# Guess first, then test: `x` is a contiguous float32 tensor of shape `2 3`; does each result below share memory with `x`?
# (`x.expand(4, 2, 3)` puts an axis of 4 in front; each step along it stays in place, since its stride is 0.)
# Return a dictionary with each entry of `OPERATIONS` as a key, and `True` (shared) or `False` as its value.
# Ask yourself: can fixed strides walk the new order through the cells 0, 1, 2, 3, 4, 5? And if they can, does PyTorch leave the data where it is?
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
# 切片总能用步长说清；一张任意的下标表（列表、布尔张量）说不清；一次运算得到新的数。
# %% [markdown] lang="en" tags=["hint"]
# Strides can always describe a slice, but not a table of arbitrary indices (a list, truth values); and a computation makes new numbers.
# %% [markdown] lang="zh" tags=["hint"]
# 逐项写成字典就好；拿不准的，造一个 `x`，用 `shares_storage` 试。
# %% [markdown] lang="en" tags=["hint"]
# Write the dictionary entry by entry; where you are not sure, make an `x` and try it with `shares_storage`.
# %% [markdown] lang="zh"
# 规律是：切片、转置、`expand` 只改形状、步长和偏移量，是视图；计算的结果是新的内存。
# 用列表（`x[[0, 1]]`）或布尔张量（`x[x > 0]`）作下标，取出来的总是拷贝，哪怕固定的步长也走得到，写进结果就不会改动 `x`。
# 写在等号左边却不同：`x[[0, 1]] = 0` 没有造出结果，直接写进 `x`。
# %% [markdown] lang="en"
# The pattern: slices, transposes and `expand` change only shape, strides and offset, and are views; what is computed is new memory.
# With a list (`x[[0, 1]]`) or a tensor of truth values (`x[x > 0]`) as the index, what you get is always a copy, even where fixed strides could reach it, and writing to the result doesn't change `x`.
# On the left of an equals sign it is different: `x[[0, 1]] = 0` makes no result, and writes to `x` itself.
# %% [markdown] lang="zh" tags=["question"] see="view_or_copy"
# `x.reshape(6)` 是视图，`x.T.reshape(6)` 却是拷贝：差别在哪里？换成 `view` 会怎样？
# %% [markdown] lang="en" tags=["question"] see="view_or_copy"
# `x.reshape(6)` is a view, yet `x.T.reshape(6)` is a copy: what makes the difference? What would `view` do?
# %% [markdown] lang="zh" tags=["answer"]
# 内存里的顺序是一行接一行，`x` 的步长是 `(3, 1)`，六个元素用步长 1 就能走完，不必搬动。
# `x.T` 的步长是 `(1, 3)`：按它的顺序要走 0、3、1、4、2、5 这几格，没有哪个固定的步长走得出来，`reshape` 只好拷贝。
# `view` 在这种时候会报错，而不是悄悄拷贝。
# %% [markdown] lang="en" tags=["answer"]
# Memory holds row after row; `x` has the strides `(3, 1)`, and a stride of 1 visits all six elements where they are.
# `x.T` has the strides `(1, 3)`: its order visits the cells 0, 3, 1, 4, 2, 5, which no fixed stride does, so `reshape` must copy.
# In that case `view` raises an error and makes no silent copy.
# %% [markdown] lang="zh" numbers="0.6 0.8 0.2 1.4"
# ## 6 · 让它转起来
# ### 旋转：基向量去了哪里
#
# `part0_maths` 说：矩阵的每一列，就是一个基向量的去处。
# 绕 $z$ 轴转 $\theta$（从上往下看是逆时针，$x$ 轴转向 $y$ 轴）：$(1, 0, 0)$ 转到 $(\cos\theta, \sin\theta, 0)$；$(0, 1, 0)$ 早走了四分之一圈，转到 $(-\sin\theta, \cos\theta, 0)$；$(0, 0, 1)$ 在轴上，不动。
# 把三个去处写成三列，矩阵就有了。
# 绕哪个轴，决定你看见什么。$z$ 轴朝上，东西像放在转盘上，各面轮流朝向你；$x$ 轴正是你看的方向，绕着它转，画面只是像车轮一样打转，你看见的永远是同一面。
#
# 挑一个好算的角，$\cos\theta = 0.6$，$\sin\theta = 0.8$（约 53°）：点 $(1, 1, 0)$ 是两个基向量之和，所以转到 $(0.6, 0.8) + (-0.8, 0.6) = (-0.2, 1.4)$。
# 检查两件事：长度没变，$0.2^2 + 1.4^2 = 2 = 1^2 + 1^2$；行列式是 1，体积和左右都没变。
# %% [markdown] lang="en" numbers="0.6 0.8 0.2 1.4"
# ## 6 · Make it turn
# ### Rotation: where the basis vectors go
#
# From `part0_maths`: each column of a matrix is where a basis vector goes.
# Turn by $\theta$ about the $z$ axis (anticlockwise seen from above, from $x$ towards $y$): $(1, 0, 0)$ goes to $(\cos\theta, \sin\theta, 0)$; $(0, 1, 0)$ is a quarter turn ahead and goes to $(-\sin\theta, \cos\theta, 0)$; $(0, 0, 1)$ lies on the axis and stays.
# Write the three as columns, and you have the matrix.
# The axis decides what you get to see. The $z$ axis is upright: the thing stands on a turntable, and each side faces you in turn. The $x$ axis is the way you look: about it the picture only spins like a wheel, and you always see the same side.
#
# Choose an angle that is easy, $\cos\theta = 0.6$ and $\sin\theta = 0.8$ (about 53°): the point $(1, 1, 0)$ is the sum of two basis vectors, so it goes to $(0.6, 0.8) + (-0.8, 0.6) = (-0.2, 1.4)$.
# Check two things: its length stays, $0.2^2 + 1.4^2 = 2 = 1^2 + 1^2$; and the determinant is 1, so volumes stay, and left isn't exchanged with right.
# %%
if __name__ == "__main__":
    turn = torch.tensor([[0.6, -0.8, 0], [0.8, 0.6, 0], [0, 0, 1]])
    point = torch.tensor([1.0, 1, 0])
    print([f"{x:g}" for x in (turn @ point).tolist()], f"length {(turn @ point).norm():.4f}, before {point.norm():.4f}")
    print(f"det {turn.det():.4f}")
    figures.turned(turn, point).show()


# %% [markdown] lang="zh"
# ### 练习 · 旋转矩阵 · 10 分钟
#
# 返回绕 $z$ 轴转 $\theta$ 弧度的 3×3 矩阵 $R$，使 `R @ point` 是转过的点。$\theta = \pi/2$ 时三行是 $(0, -1, 0)$、$(1, 0, 0)$、$(0, 0, 1)$（有舍入）。
# - `theta` 是没有轴的张量，正负都行，可以超过一圈；结果的 dtype 与它相同。
# - 梯度要能传到 `theta`：以后可以学出一个角度来。`torch.tensor([…])` 会把里面的张量变成普通的数，断开计算图。
# %% [markdown] lang="en"
# ### Exercise · a rotation matrix · 10 min
#
# Return the 3×3 matrix $R$ of a turn by $\theta$ radians about the $z$ axis, so that `R @ point` is the point turned. For $\theta = \pi/2$ its rows are $(0, -1, 0)$, $(1, 0, 0)$ and $(0, 0, 1)$ (up to rounding).
# - `theta` is a tensor without axes, positive or negative, and may be more than a full turn; the result has its dtype.
# - Gradients must reach `theta`: one day you may want to learn an angle. `torch.tensor([…])` makes plain numbers of the tensors in it, cut off from the graph.
# %% exercise="rotation_matrix" difficulty=2 importance=3 minutes=10
def rotation_matrix(theta: Float[Tensor, ""]) -> Float[Tensor, "3 3"]:
    """The matrix R, in theta's dtype, for which `R @ point` is the point turned by theta radians; gradients reach theta."""
    # solution
    cos, sin, zero, one = theta.cos(), theta.sin(), torch.zeros_like(theta), torch.ones_like(theta)
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one]).reshape(3, 3)


if __name__ == "__main__":
    tests.test_rotation_matrix(rotation_matrix)


# %% [markdown] lang="zh" tags=["hint"]
# 三列是三个去处；写成三行时，负号在第几行第几列？
# %% [markdown] lang="en" tags=["hint"]
# The columns are the three places; written as rows, where does the minus sign stand?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.stack` 把九个没有轴的张量排起来，梯度不断；0 和 1 也要是张量，dtype 与 `theta` 相同。
# %% [markdown] lang="en" tags=["hint"]
# `torch.stack` puts nine tensors without axes in a row and keeps the gradient; 0 and 1 must be tensors too, in the dtype of `theta`.
# %% [markdown] lang="zh"
# ### 一帧一帧
#
# 第 0 帧画原来的网格，第 1 帧画转了一次的，第 $k$ 帧画转了 $k$ 次的。
# 每帧转 $2\pi/N$，$N$ 帧正好一圈，循环播放时不会跳一下。（下面的十二帧只转三分之一圈，循环起来就会跳一下。）
# 到第 $k$ 帧有两条路：把上一帧再转一次，简单，但每转一次都舍入，误差一帧帧攒下来；或者把原来的网格转 $k\theta$，误差不攒，但每帧要另造一个矩阵。十二帧里两者看不出差别。
# 转网格，还是转眼睛？要紧的只是两者之间的相对位置：网格不动，光线（起点和方向）往*反*方向转同样的角，距离一模一样。光线比顶点少时，这样更省。
# $R$ 绕的是坐标原点。网格若摆在 $(4, 0, 0)$ 附近，这样转会带着它绕原点兜一大圈；要它原地自转，就先减去它的中心，转，再把中心加回来：$R(p - c) + c$。
# 顶点写成*行*：一行 $p$ 要变成 $Rp$；所有的行放在一起，是乘 $R$ 的*转置*，或者用 `einops.einsum` 把各维的名字写明白。
# 十二帧当然也能当作一批，一次算完；可是中间结果会是 12 倍大。循环只在“帧”上走十二次，每次里面都是大张量：这样的循环不花什么时间。
# %% [markdown] lang="en"
# ### Frame by frame
#
# Frame 0 shows the mesh as it is, frame 1 the mesh turned once, frame $k$ turned $k$ times.
# With $2\pi/N$ for each frame, $N$ frames make one full turn, and the film runs in a loop without a jump. (The twelve frames below make only a third of a turn, so they do jump.)
# Two ways lead to frame $k$: turn the last frame once more, which is simple, but every turn rounds and the errors add up from frame to frame; or turn the mesh of frame 0 by $k\theta$, where nothing adds up, but each frame needs a matrix of its own. In twelve frames you see no difference.
# And should the mesh turn, or the eye? What matters is only how one lies relative to the other: leave the mesh, turn the rays (origins and directions) the *opposite* way by the same angle, and all distances are the same. With fewer rays than corners that is less work.
# $R$ turns about the origin of the coordinates. A mesh near $(4, 0, 0)$ swings far around that origin; to turn it about itself, subtract its centre, turn, and add the centre again: $R(p - c) + c$.
# Corners are *rows*: a row $p$ has to become $Rp$; for all rows together that is a product with the *transpose* of $R$, or `einops.einsum` with its named axes.
# Twelve frames could be one batch, too, all at once; but what is made on the way would be 12 times as large. A loop over frames has twelve rounds with large tensors in each: such a loop costs next to nothing.
# %% [markdown] lang="zh" tags=["question"] see="raytrace_mesh_video"
# 先猜：点 $(1, 0)$ 是一行，$R$ 转四分之一圈（逆时针），行是 $(0, -1)$ 和 $(1, 0)$。`p @ R` 到了哪里？`p @ R.T` 呢？
# %% [markdown] lang="en" tags=["question"] see="raytrace_mesh_video"
# Guess: the point $(1, 0)$ is a row, and $R$ a quarter turn anticlockwise with the rows $(0, -1)$ and $(1, 0)$. Where does `p @ R` take it? And `p @ R.T`?
# %% [markdown] lang="zh" tags=["answer"]
# `p @ R` 是 $R$ 的第一*行*，$(0, -1)$：转反了。`p @ R.T` 是 $R$ 的第一列，$(0, 1)$：对了。
# 两种写法的形状一样，忘了转置也不报错。旋转矩阵的转置就是反着转，所以画面只是往另一边转；换成别的矩阵，多半就全错了。
# %% [markdown] lang="en" tags=["answer"]
# `p @ R` is the first *row* of $R$, $(0, -1)$: the wrong way. `p @ R.T` is the first column of $R$, $(0, 1)$: right.
# Both have the same shape, so forgetting the transpose raises no error. The transpose of a rotation turns the other way, so the picture merely turns backwards; with most other matrices the result is plain wrong.
# %%
if __name__ == "__main__":
    p, R = torch.tensor([[1.0, 0]]), torch.tensor([[0.0, -1], [1, 0]])
    named = einops.einsum(R, p, "out d, points d -> points out")
    print("p @ R:", (p @ R).tolist(), " p @ R.T:", (p @ R.T).tolist(), " einsum:", named.tolist())


# %% [markdown] lang="zh"
# ### 练习 · 动画 · 15 分钟
#
# 返回每一帧里 `raytrace_mesh` 的距离，形状 `frames nrays`；画第 $k$ 帧之前，所有的顶点已经乘过 $k$ 次 `matrix`。
# `num_frames` 是 1 时，结果就是 `raytrace_mesh(rays, triangles)`，多一个长 1 的轴。
# - `num_frames` 至少是 1；`matrix` 是任何 3×3 矩阵，不一定是旋转，所以它的转置不一定是逆矩阵。
# - 光线不转，只转网格；传进来的 `triangles` 不许改动；结果的 dtype 与 `rays` 相同。
# %% [markdown] lang="en"
# ### Exercise · an animation · 15 min
#
# Return the distances of `raytrace_mesh` in each frame, of shape `frames nrays`; before frame $k$ is drawn, `matrix` has been applied to all corners $k$ times.
# With `num_frames` 1 the result is `raytrace_mesh(rays, triangles)`, with one more axis of length 1.
# - `num_frames` is at least 1; `matrix` is any 3×3 matrix, not always a rotation, so its transpose need not be its inverse.
# - The rays stay, only the mesh turns; the `triangles` that you are given must not change; the result has the dtype of `rays`.
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
        turn = rotation_matrix(torch.tensor(math.tau / 3 / 12))  # a third of a turn in twelve frames
        rays = make_rays_2d(40, 40, 0.5, 0.5) - torch.tensor([[3.0, 0, 0], [0, 0, 0]])
        video = raytrace_mesh_video(rays, meshes.torus_knot(200), turn, 12)
        figures.animation(1 / video, 40, en="a torus knot, turning", zh="转动的环面纽结").show()


# %% [markdown] lang="zh" tags=["hint"]
# 循环里有两步：画，转。哪一步在先，第 0 帧才是没转过的？
# %% [markdown] lang="en" tags=["hint"]
# There are two steps in the loop: draw, and turn. Which comes first, so that frame 0 isn't turned?
# %% [markdown] lang="zh" tags=["hint"]
# 顶点的轴是 `ntriangles corner d`；上一格的 `einsum` 模式里，把 `points` 换成两个轴就行。
# 各帧可以放进列表再 `torch.stack`，也可以先造好张量往里填，但要有 `rays` 的 dtype。
# %% [markdown] lang="en" tags=["hint"]
# The corners' axes are `ntriangles corner d`; take the pattern of `einsum` above, with two axes in place of `points`.
# Collect the frames in a list for `torch.stack`, or fill a tensor made before, in the dtype of `rays`.
# %% [markdown] lang="zh"
# ## 7 · 这些还会回来
#
# - 下一课 `part1_rendering`：给网格打光，数清内存，再把每一对里的方程组去掉，快几十倍；选做的两节能快到上千倍。
# - 配对、换掉坏的一格、最后排除（`torch.where`）：第 2 天的掩码和填充，第 5 天的损失。
# - 视图与步长：`part2_strides` 用它写出卷积。
# - `rotation_matrix` 和 `make_rays_2d`：`part5_vaes` 用它们造出一批带光照的图片，来训练生成模型。
#
# **读物**：Matt Pharr、Wenzel Jakob、Greg Humphreys，*Physically Based Rendering* 第 4 版（英文，作者在网上公开全书），第 3 章讲光线和变换，第 6 章讲三角形求交。读时想：它怎样对付舍入，使相邻两个三角形的公共边上不漏光线？
# 3Blue1Brown 的《线性代数的本质》（英文，B 站“3Blue1Brown 官方双语”有中文字幕）里，“逆矩阵、列空间与零空间”一集（列空间是矩阵到得了的点，零空间是被它变成 0 的点）把奇异画了出来。看时想：第 1 节的 (1) 号矩阵，把平面压到了哪条线上？
#
# 合上书，试着说出：$u$ 什么时候是距离；为什么 `det` 很小不等于平行，该与什么比；为什么两列是 $D$ 和 $L_1 - L_2$，不是 $L_2 - L_1$；一个奇异的矩阵怎样不连累一批；少了 $u + v \le 1$ 画出什么；`reshape` 为什么不能换轴；没碰到为什么记无穷大。
# 说不出哪一条，就回到哪一节。
# %% [markdown] lang="en"
# ## 7 · Where these pieces come back
#
# - The next lesson, `part1_rendering`: it lights the mesh, counts memory, and does away with the system in each pair: tens of times faster, and over a thousand times with its bonus sections.
# - Pairing, putting something harmless in the bad cells, ruling them out at the end (`torch.where`): masks and padding on day 2, losses on day 5.
# - Views and strides: `part2_strides` makes convolutions of them.
# - `rotation_matrix` and `make_rays_2d`: `part5_vaes` makes lit pictures with them, to train a model that generates.
#
# **Reading**: Matt Pharr, Wenzel Jakob and Greg Humphreys, *Physically Based Rendering*, 4th edition (in English; the authors publish the whole book on the web), chapter 3 on rays and transformations, chapter 6 on triangles. While you read: how does it treat rounding, so that no ray slips through the common edge of two triangles?
# In 3Blue1Brown's *Essence of linear algebra* (in English; with Chinese subtitles on Bilibili, its official bilingual channel) the part on inverse matrices, column space and null space (the points that a matrix reaches, and those that it takes to 0) draws what singular means. While you watch: onto which line does matrix (1) of section 1 flatten the plane?
#
# Without looking up, try to say: when $u$ is a distance; why a small `det` doesn't mean parallel, and what to compare it with; why the columns are $D$ and $L_1 - L_2$, and not $L_2 - L_1$; how one singular matrix is kept from spoiling a batch; what you draw without $u + v \le 1$; why `reshape` can't exchange axes; why a miss is infinity.
# What you can't say, look up in its section.
