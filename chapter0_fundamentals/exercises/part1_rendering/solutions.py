# %% [markdown] lang="zh" order=2
# # 第 1 天 · 光与速度
#
# 上一课的绳结只有远近，没有光；一幅小画要等一会儿，一幅大画内存放不下。
# 这一课先给网格打上灯，再数清内存、切成块，然后把每一对里的方程组去掉；选做的第 4、5 节合起来，还要再快几十倍。结束时，一只狐狸在灯光里转动。
#
# **先修**：`part1_raytracing`（光线、三角形、奇异的规则、配对）、`part0_maths`（内积、行列式）。
# **时间**：必做约 2 小时，是第 1 至 3 节和没有练习的第 6 节；第 4、5 节是选做，再要 2 小时。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint normals`，自测用 `coach questions`。
#
# 规矩与上一课相同：输入是 float64，结果也是 float64；不连续的输入也要对；传进来的张量，一个也不改动；没有光线或没有三角形时也要有结果；坐标和长度除了 0，大小都在 $10^{-6}$ 与 $10^6$ 之间。
# 上一课的 `make_rays_2d`、`raytrace_mesh` 等直接拿来用，不管你自己的写完没有。
# %% [markdown] lang="en"
# # Day 1 · light and speed
#
# Last lesson's knot showed near and far, and no light; a small picture takes a while, and a large one doesn't fit into memory.
# In this lesson you first light the mesh, then count memory and cut the work into chunks, then do away with the system of equations in each pair; sections 4 and 5, a bonus, together make it tens of times faster still. At the end a fox turns in the lamplight.
#
# **You need** `part1_raytracing` (rays, triangles, the rule on singular matrices, pairs) and `part0_maths` (inner products, determinants).
# **Time**: about 2 hours for sections 1 to 3 and section 6, which has no exercise; sections 4 and 5 are a bonus and take another 2 hours.
# **How to read**: guess first, then run, and only then write. `coach hint normals` helps when you are stuck, `coach questions` asks the self-check.
#
# The rules are those of the last lesson: float64 in gives float64 out; inputs that aren't contiguous work too; a tensor that you are given stays as it was; no rays or no triangles still give a result; apart from 0, coordinates and lengths are between $10^{-6}$ and $10^6$ in size.
# Last lesson's `make_rays_2d`, `raytrace_mesh` and others are there for you, whether or not you have finished your own.
# %%
import math
from typing import NamedTuple

import einops
import torch
from jaxtyping import Bool, Float, Int
from part1_raytracing import meshes
from part1_raytracing.solutions import SINGULAR, make_rays_2d, raytrace_mesh, require_finite, rotation_matrix
from torch import Tensor

from part1_rendering import figures, tests
from part1_rendering.grouping import cones, groups, overlaps
from part1_rendering.timing import compiled, seconds

# %% [markdown] lang="zh" tags=["question"] see="part1_raytracing.raytrace_mesh"
# 先回想上一课，不要翻看：方向长短不一时，`s` 和距离差一个什么因子？没有碰到的那些对，记作什么，为什么？
# %% [markdown] lang="en" tags=["question"] see="part1_raytracing.raytrace_mesh"
# From the last lesson, without looking up: for directions of any length, by which factor do `s` and the distance differ? What is written for a miss, and why?
# %% [markdown] lang="zh" tags=["answer"]
# 差方向的长度：距离是 $s \lVert D \rVert$。没有碰到记作无穷大：只要有一个碰到，最小值就不会是它；`isinf` 又能认出它。
# %% [markdown] lang="en" tags=["answer"]
# By the length of the direction: the distance is $s \lVert D \rVert$. A miss is infinity: it isn't the minimum as soon as there is one hit, and `isinf` recognises it.
# %% [markdown] lang="zh"
# ## 1 · 光
# ### 只有远近，认不出来
#
# 下一格用上一课的办法画一只狐狸：越近越亮。你看得出耳朵和尾巴在哪里吗？
# 人认形状，靠的多半不是远近，而是明暗：一个面朝向光就亮，背着光就暗。所以要知道每个三角形朝哪边。
# %% [markdown] lang="en"
# ## 1 · Light
# ### Near and far is not enough
#
# The next cell draws a fox as in the last lesson: the closer, the brighter. Can you tell where its ears and its tail are?
# People recognise shapes less by distance than by light and shade: a face turned to the light is bright, and one turned away is dark. So we need to know which way each triangle faces.
# %%
if __name__ == "__main__":
    fox_rays = make_rays_2d(60, 60, 0.5, 0.5) - torch.tensor([[3.0, 0, 0], [0, 0, 0]])  # 3 steps back
    distance = raytrace_mesh(fox_rays, meshes.fox())
    figures.picture(1 / distance, 60, en="A fox, by closeness", zh="狐狸：越近越亮").show()


# %% [markdown] lang="zh" numbers="6"
# ### 法向量：一个面朝哪边
#
# 垂直于一个面的向量叫它的法向量（normal vector）；长度取 1，就只剩方向。
# 三角形有两条边 $B - A$ 和 $C - A$，要一个同时垂直于两者的向量。叉积（cross product）给的正是它：
#
# $$a \times b = (a_2 b_3 - a_3 b_2,\ a_3 b_1 - a_1 b_3,\ a_1 b_2 - a_2 b_1)$$
#
# 它有三个性质：与 $a$、$b$ 都垂直；长度等于两者张成的平行四边形的面积；右手的四指从 $a$ 转向 $b$，大拇指就指着它。
# 例如 $(2, 0, 0) \times (0, 3, 0) = (0, 0, 6)$：朝上，长度是面积 2·3 = 6；换个顺序就是 $(0, 0, -6)$，朝下。
#
# 面积为 0 时没有方向：三个顶点在一条线上，叉积只剩舍入误差，除以它的长度，就得到一个看似正常、其实毫无意义的方向。
# 规则与上一课相同：叉积的长度不超过两条边长之积的 `SINGULAR` 倍，就算退化，法向量是零向量。
# %% [markdown] lang="en" numbers="6"
# ### The normal: which way a face looks
#
# A vector at right angles to a face is its **normal vector**, or normal; with length 1 only the direction is left.
# A triangle has the edges $B - A$ and $C - A$, and we want a vector at right angles to both. That is their **cross product**:
#
# $$a \times b = (a_2 b_3 - a_3 b_2,\ a_3 b_1 - a_1 b_3,\ a_1 b_2 - a_2 b_1)$$
#
# It has three properties: it is perpendicular to $a$ and to $b$; its length is the area of the parallelogram that they span; and if the fingers of your right hand curl from $a$ to $b$, the thumb points along it.
# For example, $(2, 0, 0) \times (0, 3, 0) = (0, 0, 6)$: upwards, and as long as the area 2·3 = 6; in the other order it is $(0, 0, -6)$, downwards.
#
# Where the area is 0 there is no direction: with three corners on one line the cross product is nothing but rounding error; divide it by its length, and you get a direction that looks fine and means nothing.
# The rule is that of the last lesson: where the length of the cross product is at most `SINGULAR` times the product of the two edges' lengths, the triangle is degenerate, and its normal is the zero vector.
# %% [markdown] lang="zh" tags=["question"] see="normals"
# 先猜：把三角形的 $B$ 和 $C$ 对调，它还是同样三个点、同一块面；它的法向量变不变？
# 再猜：`torch.cross(a, b)` 不写 `dim`，两个形状 `3 3` 的张量（三个三角形各一行），它沿哪个轴算？
# %% [markdown] lang="en" tags=["question"] see="normals"
# Guess: exchange $B$ and $C$ of a triangle; it has the same three points and is the same face. Does its normal change?
# And: `torch.cross(a, b)` without `dim`, of two tensors of shape `3 3` (a row for each of three triangles): along which axis does it go?
# %% [markdown] lang="zh" tags=["answer"]
# 法向量反过来：顶点的顺序说明哪一面是正面。网格里的三角形都按同一个方向排，法向量才都朝外。
# `torch.cross` 不写 `dim` 时，取第一个长度为 3 的轴：平时正好是坐标，*恰好三个三角形*时却是三角形那个轴，不报错，全错。`torch.linalg.cross` 总用最后一个轴。
# %% [markdown] lang="en" tags=["answer"]
# It is reversed: the order of the corners says which side is the front. In a mesh all triangles are wound the same way, so that all normals look outwards.
# Without `dim`, `torch.cross` takes the first axis of length 3: mostly that is the coordinates, but with *exactly three triangles* it is the triangles; no error, and all wrong. `torch.linalg.cross` always takes the last axis.
# %%
if __name__ == "__main__":
    a, b = torch.tensor([2.0, 0, 0]), torch.tensor([0.0, 3, 0])
    # linalg.cross goes along the last axis: for a table of vectors, one product for each row
    print("a x b:", torch.linalg.cross(a, b).tolist(), " b x a:", torch.linalg.cross(b, a).tolist())
    line = torch.tensor([[0.1, -0.7, 0.2], [1.0, -0.5, 0.8], [1.9, -0.3, 1.4]])  # one line, in mathematics
    rest = torch.linalg.cross(line[1] - line[0], line[2] - line[0])
    print(
        f"on one line: length {rest.norm():.0e}, brought to length 1: {[round(x, 2) for x in (rest / rest.norm()).tolist()]}"
    )


# %% [markdown] lang="zh"
# ### 练习 · 法向量 · 10 分钟
#
# 返回每个三角形的单位法向量，方向按右手法则从 $A \to B \to C$：$(1, 1, 5)$、$(3, 1, 5)$、$(1, 4, 5)$ 从上往下看是逆时针，法向量是 $(0, 0, 1)$。
# - 退化的三角形给零向量（不是 `nan`），按上面的规则判断；很小、很扁或者一条边长一条边短的三角形，只要不退化，法向量的长度都要是 1。
# - 恰好三个三角形时也要对；没有三角形时，形状是 `0 3`。
# %% [markdown] lang="en"
# ### Exercise · normals · 10 min
#
# Return the unit normal of each triangle, by the right-hand rule along $A \to B \to C$: $(1, 1, 5)$, $(3, 1, 5)$, $(1, 4, 5)$ is anticlockwise seen from above, and its normal is $(0, 0, 1)$.
# - A degenerate triangle has the zero vector (and not `nan`), by the rule above; the normal of one that is tiny, thin, or has a long and a short edge, yet isn't degenerate, has length 1.
# - It must be right for exactly three triangles, too; for none the shape is `0 3`.
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
# 三个顶点各是 `ntriangles 3`：怎样从 `triangles` 拆出来？
# %% [markdown] lang="en" tags=["hint"]
# Each of the three corners is `ntriangles 3`: how do you take them out of `triangles`?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.linalg.cross` 之后，长度用 `norm(dim=-1, keepdim=True)`，才能与法向量相除；退化的那些最后用 `torch.where` 换成 0。
# %% [markdown] lang="en" tags=["hint"]
# After `torch.linalg.cross`, the length is `norm(dim=-1, keepdim=True)`, so that it divides the normals; at the end `torch.where` puts 0 for the degenerate ones.
# %% [markdown] lang="zh" numbers="0.6 0.4"
# ### 斜放在阳光里的卡片
#
# 正对阳光的卡片接住最多的光；把它斜过来，同样一束光就摊到更大的面积上，每一处都暗一些；侧着放，一点也接不到。
# 从图里数得出来：八条平行的光，转过 0° 接住 8 条，60° 接住 4 条，90° 一条也没有，正是 $\cos 0° = 1$，$\cos 60° = 0.5$，$\cos 90° = 0$。
# 这就是朗伯定律（Lambert's law）：无光泽的表面，亮度与 $\cos\theta$ 成正比，$\theta$ 是法向量与光的夹角；它与你从哪里看无关。
#
# 两个单位向量的内积就是夹角的余弦（`part0_tensors`）。例如法向量 $(-1, 0, 0)$，光从 $(-3, 4, 0)$ 来：它的长度是 5，内积是 3，$\cos\theta = 3/5 = 0.6$。
# 内积是负数，光就从背面来：亮度是 0，不是负数；世界上没有“负的光”。
#
# 真实的房间里几乎没有全黑的地方，因为墙也反光；最简单的近似是处处加上一点环境光（ambient light），再加漫反射（diffuse reflection）的那一份：
#
# $$\text{ambient} + \text{diffuse} \cdot \max(0, \cos\theta)$$
#
# 环境光 0.1、漫反射 0.5 时，上面的例子是 0.1 + 0.5·0.6 = 0.4。
# 屏幕上没有比白更亮的，这里白就是 1：环境光 0.8、漫反射 0.9 时，$\cos\theta$ 大于 0.22 的地方全是同一种白，再也看不出深浅；所以两者之和最好不超过 1。
# 这个模型省去了两件事。一个三角形只有一个法向量，光又处处来自同一个方向，所以整个三角形一样亮，看得出一块块平面；要画得圆润，就给每个顶点一个法向量，再用重心坐标混合。
# 它也不问灯与表面之间有没有东西挡着，所以没有影子；要有影子，就从碰到的点再发一条光线，射向光源，看路上碰不碰到别的三角形。
# %% [markdown] lang="en" numbers="0.6 0.4"
# ### A card, tilted in the sun
#
# A card that faces the sun catches the most light; tilt it, and the same beam is spread over a larger part of its surface, so that every spot is darker; edge-on it catches none.
# You can count it in the figure: of eight parallel rays it catches 8 at 0°, 4 at 60° and none at 90°, just as $\cos 0° = 1$, $\cos 60° = 0.5$ and $\cos 90° = 0$.
# That is **Lambert's law**: the brightness of a matt surface is proportional to $\cos\theta$, where $\theta$ is the angle between its normal and the light; where you look from doesn't matter.
#
# The inner product of two unit vectors is the cosine of their angle (`part0_tensors`). With the normal $(-1, 0, 0)$ and light from $(-3, 4, 0)$, whose length is 5, the inner product is 3, so $\cos\theta = 3/5 = 0.6$.
# A negative one means that the light comes from behind: the brightness is 0, and not negative; there is no negative light.
#
# In a real room hardly anything is quite black, since walls send back light; the simplest model adds some **ambient light** everywhere, and to it the share of **diffuse reflection**:
#
# $$\text{ambient} + \text{diffuse} \cdot \max(0, \cos\theta)$$
#
# With ambient 0.1 and diffuse 0.5 the example above is 0.1 + 0.5·0.6 = 0.4.
# On a screen nothing is brighter than white, here 1: with ambient 0.8 and diffuse 0.9 every place where $\cos\theta$ is above 0.22 is the same white, with no shading left; so let the two together be 1 at most.
# This model leaves out two things. A triangle has one normal, and light comes from one direction everywhere, so all of a triangle is equally bright and you see flat facets; for a smooth look each corner gets a normal, and barycentric coordinates mix them.
# Nor does it ask whether something stands between a surface and the lamp, so there are no shadows; for these, send a second ray from the point that was hit towards the light, and see whether it meets another triangle on its way.
# %%
if __name__ == "__main__":
    normal, towards_light = torch.tensor([-1.0, 0, 0]), torch.tensor([-3.0, 4, 0])
    cos = normal @ towards_light / towards_light.norm()
    print(f"cos {cos:.1f}, brightness {0.1 + 0.5 * max(0, cos):.1f}")
    figures.card().show()


# %% [markdown] lang="zh"
# ### 你看见的是哪一面
#
# 三角形没有厚度，两面都看得见；法向量却只指着一边。
# 光线的方向 $D$ 与法向量的内积是正数，说明两者同向：你从背后看它，所以先把法向量翻过来，再算亮度。
# 先翻再取 $\max(0, \cdot)$，顺序不能反。直接取绝对值也不行：那样背着光的一面也会亮。
# %% [markdown] lang="en"
# ### Which side you see
#
# A triangle has no thickness, and is seen from both sides, but its normal points to one of them only.
# If the inner product of the ray's direction $D$ and the normal is positive, they go the same way: you see it from behind, so first flip the normal, and then compute the brightness.
# Flip first, then take $\max(0, \cdot)$; not the other way round. Nor will an absolute value do: it lights the side that is turned away from the light.
# %% [markdown] lang="zh" tags=["question"] see="shade"
# 先猜：你沿 $x$ 轴向前看，面前一块板，灯在板的*后面*。板的法向量是 $(-1, 0, 0)$ 或 $(1, 0, 0)$，你看见的亮度会不同吗？用绝对值算，会得到什么？
# %% [markdown] lang="en" tags=["question"] see="shade"
# Guess: you look forward along $x$ at a board, and the lamp is *behind* the board. Does the brightness that you see depend on whether its normal is $(-1, 0, 0)$ or $(1, 0, 0)$? What would an absolute value give?
# %% [markdown] lang="zh" tags=["answer"]
# 不该不同：两种情形你看见的都是暗的一面，只有环境光。法向量是 $(1, 0, 0)$ 时，它与 $D$ 同向，翻成 $(-1, 0, 0)$，与光的内积是负的，取 0。
# 用绝对值，这一面就全亮了，仿佛板是透明的。
# %% [markdown] lang="en" tags=["answer"]
# It must not: you see the dark side either way, in ambient light only. The normal $(1, 0, 0)$ goes the same way as $D$, is flipped to $(-1, 0, 0)$, its product with the light is negative, and that becomes 0.
# An absolute value would light this side fully, as if the board were glass.
# %%
if __name__ == "__main__":
    forward, lamp = torch.tensor([1.0, 0, 0]), torch.tensor([1.0, 0, 0])  # the lamp is ahead, behind the board
    for normal in (torch.tensor([-1.0, 0, 0]), torch.tensor([1.0, 0, 0])):
        flipped = -normal if forward @ normal > 0 else normal
        print(f"normal {normal.tolist()}: flipped {max(0, flipped @ lamp):g}, absolute value {(normal @ lamp).abs():g}")


# %% [markdown] lang="zh"
# ### 练习 · 朗伯定律 · 15 分钟
#
# 对每条光线，给你它的方向，和它碰到的地方的单位法向量；返回那里的亮度。例子是上面的 0.4（方向 $(2, 0, 0)$）；`light` 换成 $(3, 0, 4)$，就是 0.1。
# - `light` 指*向*光源，长度任意：先化成长度 1。它是零、`nan` 或无穷大时抛出 `ValueError`：开头几行已经做了。
# - 方向的长度任意；法向量先翻到你看见的那一面。内积恰好是 0，就是正好从侧边看：这样的光线碰不到三角形，给出什么都不评判。
# - 亮度没有上限：0.8 + 0.9 可以大于 1。
# %% [markdown] lang="en"
# ### Exercise · Lambert's law · 15 min
#
# For each ray you get its direction and the unit normal of what it hits; return the brightness there. The example above is 0.4 (with the direction $(2, 0, 0)$); with `light` $(3, 0, 4)$ it is 0.1.
# - `light` points *towards* the light, at any length: bring it to length 1. If it is zero, `nan` or infinite, `ValueError` is raised: the first lines do that already.
# - Directions have any length; first flip the normal to the side that you see. An inner product of exactly 0 means edge-on: no ray hits a triangle that way, so what you give there isn't judged.
# - Brightness has no upper bound: 0.8 + 0.9 may be above 1.
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
    from_behind = (directions * normals).sum(dim=-1, keepdim=True) > 0
    cos = torch.where(from_behind, -normals, normals) @ (light / light.norm())
    return ambient + diffuse * cos.clamp(min=0)


if __name__ == "__main__":
    tests.test_shade(shade)


# %% [markdown] lang="zh" tags=["hint"]
# 一行一条光线的内积，怎样写？`(directions * normals).sum(dim=-1)` 的符号说了什么？
# %% [markdown] lang="en" tags=["hint"]
# How do you write an inner product for each row? What does the sign of `(directions * normals).sum(dim=-1)` tell?
# %% [markdown] lang="zh" tags=["hint"]
# 翻法向量用 `torch.where`，或者乘 1 或 $-1$（`sign` 在内积为 0 时给 0，那里不评判）；形状要 `nrays 1`；再与单位长度的光做内积，`clamp(min=0)`，乘，加。
# %% [markdown] lang="en" tags=["hint"]
# Flip a normal by `torch.where`, or multiply it by 1 or $-1$ (`sign` gives 0 for an inner product of 0, which isn't judged); the shape must be `nrays 1`; then the inner product with the light of length 1, `clamp(min=0)`, multiply, add.
# %% [markdown] lang="zh"
# ### 最近的是哪一个
#
# 有光的画要知道最近的是*哪一个*三角形，好取它的法向量：`amin` 给最小的值，`argmin` 给它的下标。
# %% [markdown] lang="en"
# ### Which one is closest
#
# A lit picture needs to know *which* triangle is closest, to take its normal: `amin` gives the smallest value, `argmin` its index.
# %% [markdown] lang="zh" tags=["question"] see="raytrace_mesh_lambert"
# 先猜：一条光线什么也没碰到，对两个三角形的距离都是无穷大，`argmin` 给出什么？没有三角形时呢？
# %% [markdown] lang="en" tags=["question"] see="raytrace_mesh_lambert"
# Guess: a ray hits nothing, and its distance to both triangles is infinity; what does `argmin` give? And without any triangles?
# %% [markdown] lang="zh" tags=["answer"]
# 0：一样大就取最前面的一个，于是空处用了第 0 个三角形的法向量，画上是一片假的表面。没有三角形时，`argmin` 报错。
# 所以空处要另外处理：最后用 `torch.where` 换成 `nan`，图上留白，也不会与没被照亮的表面混淆。
# 若在距离的最前面添一行无穷大，法向量前面也添一行，没有三角形时也就有东西可取了；代价是下标都错开一个。
# %% [markdown] lang="en" tags=["answer"]
# 0: of equal values it takes the first, so an empty place gets the normal of triangle 0, and the picture shows a surface that isn't there. Without triangles `argmin` raises an error.
# So treat empty places separately: put `nan` there at the end, by `torch.where`; it stays blank in a figure, and can't be mistaken for a surface in the dark.
# With one row of infinity before the distances, and one row before the normals, there is something to take even without triangles; the price is that every index is one higher.
# %%
if __name__ == "__main__":
    distances = torch.tensor([[math.inf, 4.0, 9], [math.inf, 6, 2]])  # two triangles (rows), three rays (columns)
    print(
        "closest triangle of each ray:",
        distances.argmin(dim=0).tolist(),
        " and its distance:",
        distances.amin(dim=0).tolist(),
    )


# %% [markdown] lang="zh"
# ### 练习 · 有光的画 · 20 分钟
#
# 返回每条光线看见的亮度：它最先碰到的三角形的 `shade`；什么也没碰到的地方是 `nan`。
# 上一格的三条光线依次是：`nan`；第 0 个三角形的亮度；第 1 个的。
# - `raytrace_mesh` 一次只给它一个三角形，就得到那个三角形的距离；三角形只有几百个，这个循环不贵。
# - 两个三角形一样近（例如正好碰在公共边上），取哪个的亮度都行，不评判。
# - 没有三角形时全是 `nan`；没有光线时形状是 `0`；有三角形而 `light` 不对，照样抛出 `ValueError`（`shade` 会做），光线全都没碰到时也一样；没有三角形时，查不查 `light` 都行。
# %% [markdown] lang="en"
# ### Exercise · a lit picture · 20 min
#
# Return the brightness that each ray sees: the `shade` of the triangle that it hits first; `nan` where it hits nothing.
# The three rays of the last cell give: `nan`; the brightness of triangle 0; that of triangle 1.
# - Give `raytrace_mesh` one triangle at a time, and it returns that triangle's distances; there are only hundreds of triangles, so this loop is cheap.
# - Where two triangles are equally close (exactly on their common edge, say) the brightness of either will do; it isn't judged.
# - Without triangles all is `nan`; without rays the shape is `0`; with triangles a wrong `light` raises `ValueError` here too (`shade` does that), even if every ray misses; without triangles it doesn't matter whether you check `light`.
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
    if tests.test_raytrace_mesh_lambert(raytrace_mesh_lambert):
        picture = raytrace_mesh_lambert(fox_rays, meshes.fox(), torch.tensor([-1.0, 0.7, 1.2]), 0.2, 0.8)
        figures.lit(picture, 60, en="A fox in the light", zh="光里的狐狸").show()


# %% [markdown] lang="zh" tags=["hint"]
# 把每个三角形的距离 `torch.stack` 起来，形状是 `ntriangles nrays`；哪个轴要消失？
# %% [markdown] lang="en" tags=["hint"]
# Collect the distances of every triangle by `torch.stack`: the shape is `ntriangles nrays`; which axis has to vanish?
# %% [markdown] lang="zh" tags=["hint"]
# 用下标张量取法向量，就得到每条光线一行：`normals(triangles)[closest]`。
# %% [markdown] lang="en" tags=["hint"]
# A tensor of indices takes the normals, a row for each ray: `normals(triangles)[closest]`.
# %% [markdown] lang="zh" tags=["hint"]
# 没有三角形的情形，靠最前面多出的那一行；空处最后用 `torch.where` 和 `isinf` 换成 `math.nan`，不要指望 `shade` 自己给出 `nan`。
# %% [markdown] lang="en" tags=["hint"]
# For no triangles, one more row at the front helps; at the end `torch.where` and `isinf` put `math.nan` in the empty places; don't count on `shade` to give `nan` by itself.
# %% [markdown] lang="zh" tags=["question"] see="raytrace_mesh_lambert"
# 封闭的网格，法向量都朝外；为什么 `shade` 还要看光线的方向？
# %% [markdown] lang="en" tags=["question"] see="raytrace_mesh_lambert"
# In a closed mesh all normals face outwards; why does `shade` still look at the direction of the ray?
# %% [markdown] lang="zh" tags=["answer"]
# 眼睛在网格外面时，确实不必；但眼睛在里面、网格有洞、或者三角形的顺序写反了，你看见的就是背面。
# 不翻转的话，这些地方会亮暗颠倒，而且没有任何报错。
# %% [markdown] lang="en" tags=["answer"]
# With the eye outside it need not; but if the eye is inside, if the mesh has a hole, or if a triangle is wound the other way, you see a back.
# If the normal weren't flipped, light and dark would change places there, and nothing would tell you.
# %% [markdown] lang="zh" numbers="518400000 2.07 11 1 40 2"
# ## 2 · 先数字节，再要内存
# ### 两个数目的乘积
#
# 120×120 的画有 14,400 条光线；网格有 4,000 个三角形。每一对一个 3×3 的矩阵，一共 14,400·4,000·9 = 518400000 个数；float32 一个 4 字节，光是这一个张量就要 2.07 GB，而 `raytrace_mesh` 里这么大的有好几个。
# 向系统要的内存超过它有的，轻则慢上百倍（内存换到硬盘），重则整个进程被系统终止，连报错都没有。
# 所以养成习惯：形状里有两个大数相乘时，先在纸上数字节。
#
# 办法是切块：结果只有 14,400 个数，中间的大张量不必同时存在。
# 一块里放几条光线、几个三角形，算出这一块的最小值，再与已有的比较，取小的：最小值的最小值就是全体的最小值，先后、分法都不影响。
#
# 用笔算一块多大。允许 `max_elements` 个元素，一对要 9 个，所以一块最多 `max_elements // 9` 对。
# 设有 17 个三角形：允许 100 个元素，就是 11 对，三角形每块 11 个，光线每块 1 条；允许 360 个，就是 40 对，17 个三角形一块全放下，光线每块 40 // 17 = 2 条。
# %% [markdown] lang="en" numbers="518400000 2.07 11 1 40 2"
# ## 2 · Count bytes before you ask for memory
# ### The product of two counts
#
# A picture of 120×120 has 14,400 rays, and the mesh 4,000 triangles. Each pair takes a 3×3 matrix, together 14,400·4,000·9 = 518400000 numbers; at 4 bytes for a float32 that is 2.07 GB for this one tensor, and `raytrace_mesh` makes several of that size.
# Ask for more memory than there is, and at best everything is a hundred times slower (memory is swapped to the disk); at worst the process is killed, without even an error.
# So make it a habit: where two large numbers are multiplied in a shape, count bytes on paper first.
#
# The way out is chunks: the result is only 14,400 numbers, and the large tensors on the way need not exist all at once.
# Put some rays and some triangles in a chunk, take its minimum, and keep the smaller of that and what you had: the minimum of minima is the minimum of all, in any order, and however the pairs are cut.
#
# With a pencil: `max_elements` elements are allowed and a pair takes 9, so a chunk has at most `max_elements // 9` pairs.
# Let there be 17 triangles: 100 elements allow 11 pairs, so take 11 triangles and 1 ray at a time; 360 allow 40 pairs, so all 17 triangles fit, with 40 // 17 = 2 rays at a time.
# %%
if __name__ == "__main__":
    elements = 14_400 * 4_000 * 9
    print(f"{elements} numbers, {elements * 4 / 1e9:.2f} GB in float32")
    for max_elements in (100, 360):
        pairs = max_elements // 9
        few = min(17, pairs)
        print(f"max_elements {max_elements}: {pairs} pairs, {few} triangles and {pairs // few} rays in a chunk")


# %% [markdown] lang="zh" tags=["question"] see="raytrace_mesh_chunked"
# `distance[2:4]` 是视图。先猜：`part = distance[2:4]; part = torch.minimum(part, new)` 以后，`distance` 变了吗？换成 `part.copy_(new)`（把 `new` 的数写进 `part` 读的那块内存），或者 `torch.minimum(part, new, out=part)`（结果也写在那里）呢？
# %% [markdown] lang="en" tags=["question"] see="raytrace_mesh_chunked"
# `distance[2:4]` is a view. Guess: after `part = distance[2:4]; part = torch.minimum(part, new)`, has `distance` changed? And with `part.copy_(new)`, which writes the numbers of `new` into the memory that `part` reads, or with `torch.minimum(part, new, out=part)`, which writes its result there?
# %% [markdown] lang="zh" tags=["answer"]
# 没有变：等号只是让名字 `part` 指向另一个新张量，原来的内存没人碰。
# `copy_`、`out=` 和 `distance[2:4] = …` 都往视图的内存里写，`distance` 就变了。
# %% [markdown] lang="en" tags=["answer"]
# It hasn't: the equals sign only makes the name `part` mean another, new tensor, and nobody touched the old memory.
# `copy_`, `out=` and `distance[2:4] = …` all write into the view's memory, and so `distance` changes.
# %%
if __name__ == "__main__":
    distance, new = torch.full((5,), 9.0), torch.tensor([3.0, 4])
    part = distance[2:4]
    renamed = torch.minimum(part, new)
    print(distance.tolist())
    torch.minimum(part, new, out=part)  # out=: the result is written into this tensor, none is made
    print(distance.tolist())
    part.copy_(torch.tensor([1.0, 2]))  # copy_ writes these numbers into the memory that part reads
    print(distance.tolist())


# %% [markdown] lang="zh"
# ### 练习 · 分块 · 20 分钟
#
# 结果与 `raytrace_mesh` 相同，但除了结果，中间造出的任何张量都不超过 `max_elements` 个元素。
# 例如 23 条光线、17 个三角形、`max_elements=360`：每次给 `raytrace_mesh` 2 条光线和 17 个三角形，最后一次只剩 1 条；别的切法也行。
# - 评判看每个新造的张量，它的*整块*内存里有多少元素；传进来的张量的切片是视图，不是新造的，不算；输入不连续时，`contiguous` 整个拷贝一份，就算了。
# - 不要求正好整除；最后一块可以小一些。`max_elements` 小于 9 时抛出 `ValueError`：开头几行已经做了。
# - 没有三角形时全是无穷大；没有光线时形状是 `0`。可以调用 `raytrace_mesh`。
# %% [markdown] lang="en"
# ### Exercise · in chunks · 20 min
#
# The result is that of `raytrace_mesh`, but apart from the result no tensor made on the way has more than `max_elements` elements.
# For example, with 23 rays, 17 triangles and `max_elements=360`, each call of `raytrace_mesh` gets 2 rays and 17 triangles, and the last one 1 ray; other chunks are accepted too.
# - For each tensor that is newly made, the elements in the *whole block* of its memory are counted; slices of what you are given are views, not newly made, and don't count; the copy that `contiguous` makes of an input that isn't contiguous does.
# - The numbers need not divide evenly; the last chunk may be smaller. For `max_elements` below 9 `ValueError` is raised: the first lines do that already.
# - Without triangles all is infinity; without rays the shape is `0`. You may call `raytrace_mesh`.
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
# 先只切光线：`rays.split(n)` 给出一段段视图。一条光线配全部三角形也放不下时，还要切什么？
# %% [markdown] lang="en" tags=["hint"]
# First cut the rays only: `rays.split(n)` gives views, one stretch after the other. Where one ray with all triangles is too much, what else has to be cut?
# %% [markdown] lang="zh" tags=["hint"]
# 两个块的大小都要至少是 1（没有三角形时也是）；外层走光线，内层走三角形，结果从无穷大开始。
# %% [markdown] lang="en" tags=["hint"]
# Both sizes are at least 1 (without triangles, too); rays in the outer loop, triangles in the inner one, and the result begins with infinity.
# %% [markdown] lang="zh" tags=["hint"]
# 每一块的最小值与 `distance` 里同一段取小，再写回这一段。
# %% [markdown] lang="en" tags=["hint"]
# Take the smaller of a chunk's minimum and that stretch of `distance`, and write it back into the stretch.
# %% [markdown] lang="zh" numbers="-6 1.5 0.5"
# ## 3 · 不解方程组
# ### 一个未知数，两个行列式的比
#
# 内存管住了，时间还没有：`solve` 对每一对都要消元、选主元、交换行，为的是不论多大的矩阵，只要不奇异就能解。我们的矩阵只有三列，而且同一个三角形的两列对所有光线都一样。
#
# 先看两个未知数。上一课的例子：两列 $(1, 1)$ 和 $(3, -3)$，右边 $(3, 0)$，解是 $u = 1.5$，$v = 0.5$。
# 行列式是两列张成的面积（带正负号）。右边等于 $u$ 乘第一列加 $v$ 乘第二列，用它换掉*第一列*。
# 其中第二列的那一份与第二列平行，不改变面积；剩下的是 $u$ 乘第一列，所以新的面积是原来的 $u$ 倍。
# 换掉第二列，就是 $v$ 倍。
# 这叫克莱姆法则（Cramer's rule）：每个未知数是两个行列式之比，分母相同。
#
# 手算：$\det = 1 \cdot (-3) - 3 \cdot 1 = -6$；换第一列，$3 \cdot (-3) - 3 \cdot 0 = -9$，于是 $u = -9/-6 = 1.5$；换第二列，$1 \cdot 0 - 3 \cdot 1 = -3$，于是 $v = -3/-6 = 0.5$。
# 矩阵大时没人这样算：$n$ 个未知数要 $n + 1$ 个行列式；三个未知数却正好划算。
# %% [markdown] lang="en" numbers="-6 1.5 0.5"
# ## 3 · Without solving
# ### One unknown, a ratio of two determinants
#
# Memory is under control, time isn't: for each pair `solve` eliminates, chooses pivots and exchanges rows, so that it can deal with a matrix of any size that isn't singular. Ours has three columns only, and two of them, the triangle's, are the same for all rays.
#
# Begin with two unknowns. In the last lesson's example the columns are $(1, 1)$ and $(3, -3)$, the right-hand side is $(3, 0)$, and the solution $u = 1.5$, $v = 0.5$.
# The determinant is the area that the columns span, with a sign. The right-hand side is $u$ times the first column plus $v$ times the second. Put it in place of the *first* column.
# Its share of the second column is parallel to that column, and doesn't change the area; what is left is $u$ times the first, so the new area is $u$ times the old.
# Put it in place of the second column, and the area is $v$ times the old.
# That is **Cramer's rule**: each unknown is the ratio of two determinants, with the same denominator.
#
# By hand: $\det = 1 \cdot (-3) - 3 \cdot 1 = -6$; with the first column replaced, $3 \cdot (-3) - 3 \cdot 0 = -9$, so $u = -9/-6 = 1.5$; with the second, $1 \cdot 0 - 3 \cdot 1 = -3$, so $v = -3/-6 = 0.5$.
# For large matrices nobody does this, since $n$ unknowns take $n + 1$ determinants; for three unknowns it pays.
# %%
if __name__ == "__main__":
    first, second, right = torch.tensor([[1.0, 1], [3, -3], [3, 0]])

    def area(a: Tensor, b: Tensor) -> Tensor:
        return a[0] * b[1] - b[0] * a[1]

    det = area(first, second)
    print(f"det {det:g}, u = {area(right, second) / det:g}, v = {area(first, right) / det:g}")


# %% [markdown] lang="zh" numbers="8 -16 1 0.25"
# ### 三维：混合积
#
# 三列 $a$、$b$、$c$ 的行列式是斜盒子的体积（带正负号）：底面积是 $b \times c$ 的长度，高是 $a$ 沿它的方向有多长（方向相反时是负的），所以 $\det = a \cdot (b \times c)$，叫混合积（triple product）。
# 轮换三列（$b$、$c$、$a$）不改变它；交换两列只改变正负号。
#
# 我们的三列是 $-D$、$E = B - A$、$F = C - A$，右边是 $T = O - A$。照克莱姆法则一个一个换：
#
# - $\det = -D \cdot (E \times F)$。记 $N = E \times F$，它只与三角形有关，一个三角形算一次就够：$\det = -D \cdot N$。为 0 就是平行或退化；正负号说光线从哪一面来，迎着法向量 $N$ 是正，从背后是负。两面都看得见，所以平行与否只看 $|\det|$。
# - 换第一列：$T \cdot (E \times F) = T \cdot N$，所以 $s = T \cdot N / \det$。
# - 换第二列：$\det(-D, T, F)$，把 $F$ 轮换到最前，是 $F \cdot (-D \times T) = F \cdot (T \times D)$。记 $M = T \times D$，$u = F \cdot M / \det$。
# - 换第三列：$\det(-D, E, T)$，把 $E$ 轮换到最前，是 $E \cdot (T \times -D) = -E \cdot M$，所以 $v = -E \cdot M / \det$。
#
# $M$ 用了两次，$N$ 也用了两次：每一对只要一个叉积、四个内积。这是 Möller 与 Trumbore 在 1997 年发表的算法的变体：他们不为三角形存下 $N$，每一对要算两个叉积。
#
# 用上一课的三角形走一遍：$A = (2, 0, 0)$，$E = (0, 2, 0)$，$F = (0, 0, 4)$，$O = 0$，$D = (2, 0.5, 1)$。
# $T = (-2, 0, 0)$；$N = (8, 0, 0)$；$\det = -2 \cdot 8 = -16$；$s = -16/-16 = 1$。
# $M = T \times D = (0, 2, -1)$；$u = 4 \cdot (-1)/-16 = 0.25$；$v = -(2 \cdot 2)/-16 = 0.25$。与 `solve` 给的一样。
# %% [markdown] lang="en" numbers="8 -16 1 0.25"
# ### In space: triple products
#
# The determinant of three columns $a$, $b$, $c$ is the volume of a slanted box, with a sign: the area of its base is the length of $b \times c$, its height is how far $a$ goes along that direction (negative if the other way), so $\det = a \cdot (b \times c)$, a **triple product**.
# It stays the same when the three move on in a circle ($b$, $c$, $a$); exchanging two only changes the sign.
#
# Our columns are $-D$, $E = B - A$ and $F = C - A$, and the right-hand side is $T = O - A$. Replace one after the other, by Cramer's rule:
#
# - $\det = -D \cdot (E \times F)$. Let $N = E \times F$; it depends on the triangle alone, and once per triangle is enough: $\det = -D \cdot N$. It is 0 for a parallel ray or a degenerate triangle; its sign tells from which side the ray comes: positive if it runs against the normal $N$, negative if it comes from behind. Both sides are seen, so what is parallel is judged by $|\det|$.
# - The first column: $T \cdot (E \times F) = T \cdot N$, so $s = T \cdot N / \det$.
# - The second: $\det(-D, T, F)$; bring $F$ to the front, and it is $F \cdot (-D \times T) = F \cdot (T \times D)$. Let $M = T \times D$; then $u = F \cdot M / \det$.
# - The third: $\det(-D, E, T)$; bring $E$ to the front, and it is $E \cdot (T \times -D) = -E \cdot M$, so $v = -E \cdot M / \det$.
#
# $M$ is used twice, and so is $N$: each pair takes one cross product and four inner products. This is a variant of the method that Möller and Trumbore published in 1997: they store no $N$ for a triangle, and compute two cross products for each pair.
#
# Walk it with the last lesson's triangle: $A = (2, 0, 0)$, $E = (0, 2, 0)$, $F = (0, 0, 4)$, $O = 0$, $D = (2, 0.5, 1)$.
# $T = (-2, 0, 0)$; $N = (8, 0, 0)$; $\det = -2 \cdot 8 = -16$; $s = -16/-16 = 1$.
# $M = T \times D = (0, 2, -1)$; $u = 4 \cdot (-1)/-16 = 0.25$; $v = -(2 \cdot 2)/-16 = 0.25$. That is what `solve` gave.
# %%
if __name__ == "__main__":
    A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    O, D = torch.zeros(3), torch.tensor([2.0, 0.5, 1])
    E, F, T = B - A, C - A, O - A
    N, M = torch.linalg.cross(E, F), torch.linalg.cross(T, D)
    det = -D @ N
    print(f"N {N.tolist()}, M {M.tolist()}, det {det:g}")
    print(f"s = {T @ N / det:g}, u = {F @ M / det:g}, v = {-E @ M / det:g}")
    print("solve:", torch.linalg.solve(torch.stack([-D, E, F], dim=-1), T).tolist())


# %% [markdown] lang="zh"
# ### 数据怎样排，也是速度
#
# 现在每一对只剩几十次乘加，时间多半花在把数从内存搬来搬去。
# 若每个向量是长度为 3 的最后一维，广播到每一对的乘法就只能三个三个地做，内积还要再走一遍内存，三个三个地求和。
# 若把 $x$、$y$、$z$ 拆成三个 `nrays ntriangles` 的张量，每次运算都是一长串相邻的数，处理器一次能算八个、十六个。
# 再把两边切成块，使一块的中间结果留在处理器的缓存（cache）里：那是紧挨着处理器的一小块内存，比主内存快得多，却只有几兆到几十兆字节。
# %% [markdown] lang="en"
# ### How data lies is speed, too
#
# Now a pair takes some tens of multiplications and additions, and most of the time goes into moving numbers to and from memory.
# If each vector is a last axis of length 3, a product that broadcasts to all pairs handles three numbers at a time, and an inner product goes over memory again, to sum three at a time.
# With $x$, $y$ and $z$ in three tensors of shape `nrays ntriangles`, every operation is one long run of neighbours, of which a processor does eight or sixteen at once.
# Then cut both sides into chunks, so that what is made on the way stays in the processor's **cache**: a small memory next to it, much faster than main memory, with only some megabytes or tens of them.
# %% [markdown] lang="zh" tags=["question"] see="moller_trumbore"
# 先猜：同样一百万个内积，最后一维长 3，与拆成三个张量，哪个快？快几倍？
# %% [markdown] lang="en" tags=["question"] see="moller_trumbore"
# Guess: a million inner products, with a last axis of length 3 or with three tensors: which is faster, and by how much?
# %% [markdown] lang="zh" tags=["answer"]
# 拆开的快，常常是好几倍；具体多少看机器，所以要量，不要背。
# 这与运算的次数无关：乘法和加法一次也不少，差别全在数据怎样排、怎样走。
# %% [markdown] lang="en" tags=["answer"]
# The three tensors, often by several times; how many depends on the machine, so measure it, don't learn it by heart.
# It has nothing to do with the number of multiplications and additions, which is exactly the same: the difference is how the data lies and how it is read.
# %%
if __name__ == "__main__":
    last = torch.randn(1_000_000, 3)
    x, y, z = last.T.contiguous()
    together = seconds(lambda: (last * last).sum(dim=-1))  # the median time of three calls, after one to warm up
    apart = seconds(lambda: x * x + y * y + z * z)
    print(f"last axis {together * 1e3:.1f} ms, three tensors {apart * 1e3:.1f} ms")


# %% [markdown] lang="zh"
# 下面几样已经写好。`unit` 把方向化成单位长度（长度为 0 的仍是 0）；它先除以最大的分量，所以 $10^{-25}$ 那么短的方向平方以后也不会变成 0。
# `dot`、`cross` 的向量是三个分量，每个分量是任意形状的张量，会照常广播。
# %% [markdown] lang="en"
# The following is written for you. `unit` brings directions to length 1 (those of length 0 stay 0); it first divides by the largest component, so that even a direction as short as $10^{-25}$ doesn't become 0 when it is squared.
# The vectors of `dot` and `cross` are three components, each a tensor of any shape; they broadcast as usual.
# %%
def unit(vectors: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Each vector at length 1, zeros where it is 0; lengths like 1e-30 neither overflow nor vanish when squared."""
    largest = vectors.abs().amax(dim=-1, keepdim=True)
    scaled = vectors / torch.where(largest > 0, largest, 1.0)
    return torch.where(largest > 0, scaled / scaled.norm(dim=-1, keepdim=True), 0.0)


def dot(a, b) -> Tensor:
    """The dot product of two vectors given as three components, each a tensor of any shape."""
    return (a[0] * b[0]).addcmul_(a[1], b[1]).addcmul_(a[2], b[2])  # x.addcmul_(y, z): x += y * z, one pass


def cross(a, b) -> list[Tensor]:
    """The cross product of two vectors given as three components, each a tensor of any shape."""
    return [(a[i] * b[j]).addcmul_(a[j], b[i], value=-1) for i, j in ((1, 2), (2, 0), (0, 1))]  # x -= y * z


CHUNK = 2**18  # pairs in a chunk: its tensors stay in the cache, and are long enough for several cores
FEW = 512  # triangles in a chunk: what is computed once per triangle serves hundreds of rays


# %% [markdown] lang="zh"
# ### 练习 · 不解方程组 · 40 分钟
#
# 写两个函数。`pair_distances` 返回每一对的距离，没碰到是无穷大；方向已经是单位长度（或零），所以 $s$ 就是距离。上面的例子，方向化成单位长度以后，结果是 $D$ 原来的长度，约 2.29。
# `moller_trumbore` 返回 `raytrace_mesh` 的结果：先用 `unit`，再一块一块地调用 `pair_distances`，取最小。
# - 不许解方程组，不许求逆：`solve`、`inv` 不行，`lstsq`、`pinv`（连 `solve` 解不了的矩阵也解）之类也不行；`det` 和 `torch.linalg.cross` 可以。
# - 什么算碰到，规则不变：平行、退化、零方向都不碰，不管 `det` 是正是负；方向是单位长度，所以 $|\det|$ 与 $\lVert E \rVert \lVert F \rVert$ 比。正好擦着边和顶点的，由舍入决定，不评判。
# - 方向可以极短或极长（$10^{-25}$ 到 $10^{25}$）；没有光线、没有三角形都要有结果；`nan` 和无穷大抛出 `ValueError`：第一行已经做了。
# - 结果在输入所在的设备上：新的张量要从输入造出来，dtype 和设备才会一起跟来（`torch.full_like(x, …)`、`x.new_zeros(…)`、`.to(x)`），单写 `torch.zeros(…)` 就在 CPU 上；大画有上亿对，所以要分块（怎样切随你，`CHUNK` 和 `FEW` 是好的大小）；评判最多用三十多万对，不量内存。
# %% [markdown] lang="en"
# ### Exercise · without solving · 40 min
#
# Write two functions. `pair_distances` returns the distance of every pair, infinity for a miss; directions have length 1 (or 0) already, so $s$ is the distance. For the example above, with its direction brought to length 1, that is the old length of $D$, about 2.29.
# `moller_trumbore` returns what `raytrace_mesh` does: first `unit`, then `pair_distances` chunk by chunk, and the minimum.
# - No system is solved and no matrix inverted: `solve`, `inv`, and `lstsq`, `pinv` and their like (which also solve what `solve` can't) are ruled out; `det` and `torch.linalg.cross` are fine.
# - What is a hit stays the same: parallel, degenerate or a zero direction never, whatever the sign of `det`; directions have length 1, so compare $|\det|$ with $\lVert E \rVert \lVert F \rVert$. Exactly on an edge or a corner rounding decides, and you aren't judged.
# - Directions may be extremely short or long ($10^{-25}$ to $10^{25}$); no rays and no triangles still give a result; `nan` and infinity raise `ValueError`: the first line does that.
# - The result is on the inputs' device: make new tensors out of the inputs, so that dtype and device come along (`torch.full_like(x, …)`, `x.new_zeros(…)`, `.to(x)`); a bare `torch.zeros(…)` is on the CPU; a large picture has over a hundred million pairs, so cut it into chunks (as you like; `CHUNK` and `FEW` are good sizes); you are judged on some 300,000 pairs at most, and memory isn't measured.
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
# 先让形状说话：$O$、$D$ 的每个分量是 `nrays 1`，$A$、$E$、$F$ 的每个分量是 `ntriangles`；哪一步起成了 `nrays ntriangles`？
# `einops.rearrange` 可以把坐标轴换到最前；它常常只是视图，`.contiguous()` 才让每个分量各占连续的一段内存。
# %% [markdown] lang="en" tags=["hint"]
# Let shapes speak first: each component of $O$ and $D$ is `nrays 1`, and of $A$, $E$ and $F$ it is `ntriangles`; from which step on is it `nrays ntriangles`?
# `einops.rearrange` can bring the coordinates' axis to the front; often it gives only a view, and `.contiguous()` makes each component one run of memory.
# %% [markdown] lang="zh" tags=["hint"]
# 不必先挑出平行的：除以 0 得到 `inf` 或 `nan`，总有一个条件不成立；但 `det` 很小却不是 0 时，还是要用 `SINGULAR` 排除。
# %% [markdown] lang="en" tags=["hint"]
# There is no need to pick out the parallel ones first: a division by 0 gives `inf` or `nan`, and one of the conditions fails; where `det` is tiny but not 0, `SINGULAR` rules it out.
# %% [markdown] lang="zh" tags=["hint"]
# 外面一个函数像 `raytrace_mesh_chunked`：结果从无穷大开始，光线和三角形各用 `split`，每块的 `amin` 与已有的取小。
# %% [markdown] lang="en" tags=["hint"]
# The outer function is like `raytrace_mesh_chunked`: the result begins with infinity, rays and triangles are `split`, and the smaller of each chunk's `amin` and what was there is kept.
# %% [markdown] lang="zh"
# ### 看账单
#
# 四十万对，两种写法各要多久？
# %% [markdown] lang="en"
# ### The bill
#
# Four hundred thousand pairs: how long does each way take?
# %%
if __name__ == "__main__":
    rays, knot = make_rays_2d(40, 40, 0.5, 0.5), meshes.torus_knot(250) + torch.tensor([3.0, 0, 0])
    slow = seconds(raytrace_mesh, rays, knot, repeats=1)  # measured once
    print(f"400,000 pairs: raytrace_mesh {slow:.3f} s")
    ready = tests.test_moller_trumbore(moller_trumbore)
    if ready:
        fast = seconds(moller_trumbore, rays, knot)
        print(f"moller_trumbore {fast:.4f} s: {slow / fast:.0f} x as fast")


# %% [markdown] lang="zh" tags=["question"] see="moller_trumbore"
# 克莱姆法则算出的距离，与 `solve` 的最后几位可能不同。哪一边更准？什么时候差得多？
# %% [markdown] lang="en" tags=["question"] see="moller_trumbore"
# The last digits of a distance by Cramer's rule may differ from those of `solve`. Which is more accurate, and when do they differ by much?
# %% [markdown] lang="zh" tags=["answer"]
# 差不多：`solve` 选主元，避免除以很小的数，误差通常只小一到四成。
# 光线几乎贴着三角形的平面时，行列式里乘积相减，前几位互相抵消，剩下的多半是舍入；可那正是病态的情形，`solve` 的误差一样大，两边能信的都只有前几位。其余时候差别在第六、七位，画上看不出来。
# %% [markdown] lang="en" tags=["answer"]
# They are nearly equal: `solve` chooses pivots, to avoid dividing by small numbers, and its errors are typically only 10 to 40 % smaller.
# When the ray nearly lies in the triangle's plane, the products in a determinant are subtracted, their leading digits cancel, and mostly rounding is left; but that is the ill-conditioned case, the errors of `solve` are as large, and only the first digits of either can be trusted. Otherwise they differ in the sixth or seventh digit, which no picture shows.
# %% [markdown] lang="zh" tags=["bonus"]
# `torch.compile` 把许多小运算合成一个循环，中间结果大多不再写回内存；它需要 C++ 编译器（把 C++ 代码变成机器能执行的程序的工具），没有就跳过。
# %% [markdown] lang="en" tags=["bonus"]
# `torch.compile` fuses many small operations into one loop, and most intermediate results no longer go through memory; it needs a C++ compiler (a tool that turns C++ code into a program), and is skipped without one.
# %% tags=["bonus"]
def closest_pair(rays: Tensor, triangles: Tensor) -> Tensor:
    """What `torch.compile` gets: one chunk, from the pairs to the minimum."""
    return pair_distances(rays, triangles).amin(dim=1)


if __name__ == "__main__" and ready and (fast := compiled(closest_pair, rays[:500], knot)):  # := names it
    before, after = seconds(closest_pair, rays[:500], knot), seconds(fast, rays[:500], knot)
    print(f"torch.compile: {before * 1e3:.2f} ms -> {after * 1e3:.2f} ms, {before / after:.1f} x as fast")


# %% [markdown] lang="zh"
# 先自检，再相信：同一幅画在每个加速器（`cuda` 是 NVIDIA 的显卡，`mps` 是苹果电脑里的）上各算一次，与 CPU 比较。没有加速器，就只打印 0。
# %% [markdown] lang="en"
# Test before you trust: the same picture on each accelerator (`cuda` is a graphics card by NVIDIA, `mps` the one in Apple's machines), compared with the CPU's. Without one it prints 0.
# %%
if __name__ == "__main__" and ready:
    expected = moller_trumbore(rays, knot)
    # a list times True is the list itself, times False the empty list
    accelerators = ["cuda"] * torch.cuda.is_available() + ["mps"] * torch.backends.mps.is_available()
    for device in accelerators:  # rtol: two values may differ by this share of the value
        agree = torch.isclose(moller_trumbore(rays.to(device), knot.to(device)).cpu(), expected, rtol=1e-4)
        print(f"{device}: {agree.float().mean():.2%} of the pixels agree with the CPU")
    print(f"{len(accelerators)} accelerators compared")


# %% [markdown] lang="zh" numbers="4 8 16" tags=["bonus"]
# ## 4 · 选做：同一只眼睛，一次矩阵乘法
# ### 三角形是一个三棱锥
#
# 一幅画的光线都从同一只眼睛出发，这一点还没有用上。
# 把眼睛移到原点，三角形和眼睛就围成一个三棱锥，眼睛是它的顶。沿方向 $D$ 的光线碰到三角形，当且仅当它指进三棱锥里面，也就是在三个侧面的内侧。
# 过原点和边 $AB$ 的侧面，法向量是 $A \times B$；$D$ 在它的内侧，就是 $D \cdot (A \times B) \ge 0$。另外两个侧面的法向量是 $B \times C$ 和 $C \times A$。
# 若从眼睛看去，顶点按另一个方向排列，三个法向量就都朝外，要先翻过来。
# 用 $A = (2, 0, 0)$，$B = (2, 2, 0)$，$C = (2, 0, 4)$，$D = (2, 0.5, 1)$ 算：三个法向量是 $(0, 0, 4)$、$(8, -8, -4)$、$(0, 8, 0)$，内积是 4、8、4，都不是负数，碰到；除以它们的和 16，就是上一课的重心坐标 0.25、0.5、0.25，依次属于侧面对着的顶点 $C$、$A$、$B$。
#
# 距离呢？平面上的点 $p$ 满足 $p \cdot N = A \cdot N$，其中 $N = (B - A) \times (C - A)$；把 $p = sD$ 代进去，$1/s = D \cdot N / (A \cdot N)$。$D$ 的长度是 1 时，$s$ 就是距离：距离的*倒数*也是 $D$ 与一个固定向量的内积。
# 四个内积，四个只与三角形有关的向量：对所有光线和三角形，就是一次矩阵乘法，而矩阵乘法是计算机做得最快的运算之一。
# 倒数还有一个好处：没碰到记 0，最近的是*最大*的那个。
# %% [markdown] lang="en" numbers="4 8 16" tags=["bonus"]
# ## 4 · Bonus: one eye, one matrix product
# ### A triangle is a pyramid
#
# All rays of a picture leave the same eye, and we haven't used that yet.
# Move the eye to 0: eye and triangle make a pyramid with three sides, and the eye is its tip. The ray along $D$ hits the triangle if and only if it points into the pyramid: it is on the inner side of three planes.
# The plane through 0 and the edge $AB$ has the normal $A \times B$, and $D$ is on its inner side if $D \cdot (A \times B) \ge 0$. The other two normals are $B \times C$ and $C \times A$.
# If the corners go round the other way, as the eye sees them, all three normals point outwards and have to be flipped first.
# With $A = (2, 0, 0)$, $B = (2, 2, 0)$, $C = (2, 0, 4)$ and $D = (2, 0.5, 1)$: the normals are $(0, 0, 4)$, $(8, -8, -4)$ and $(0, 8, 0)$, the inner products 4, 8 and 4; none is negative, so it is a hit; divided by their sum 16 they are last lesson's barycentric coordinates, 0.25, 0.5 and 0.25, of the corners that these sides leave out: $C$, $A$ and $B$.
#
# And the distance? A point $p$ of the plane has $p \cdot N = A \cdot N$, with $N = (B - A) \times (C - A)$; put in $p = sD$, and $1/s = D \cdot N / (A \cdot N)$. If $D$ has length 1, $s$ is the distance: *one over* the distance is an inner product of $D$ with a fixed vector, too.
# Four inner products with four vectors that depend on the triangle alone: for all rays and triangles that is one matrix product, one of the things that a computer does fastest.
# One over the distance has one more merit: a miss is 0, and the closest is the *largest*.
# %% tags=["bonus"]
if __name__ == "__main__":
    A, B, C = torch.tensor([[2.0, 0, 0], [2, 2, 0], [2, 0, 4]])
    D = torch.tensor([2.0, 0.5, 1])
    sides = torch.stack([torch.linalg.cross(p, q) for p, q in ((A, B), (B, C), (C, A))])
    N = torch.linalg.cross(B - A, C - A)
    print("sides:", sides.int().tolist(), " products:", (sides @ D).int().tolist(), " sum:", int((sides @ D).sum()))
    print(f"1 / s = {D @ N / (A @ N):g}")


# %% [markdown] lang="zh" tags=["bonus"]
# 下面两个函数已经写好：`shared_origin` 找出共同的起点，`edge_matrix` 造那四个向量，把三个侧面的法向量都翻得朝里；退化的和正好从侧边看的，四个向量全置 0（距离的倒数于是是 0，也就是没碰到）。
# %% [markdown] lang="en" tags=["bonus"]
# These two functions are written for you: `shared_origin` finds the common origin; `edge_matrix` makes the four vectors, turns the normals of the three sides inwards, and sets all four to 0 for a triangle that is degenerate or seen edge-on (so one over its distance is 0, a miss).
# %% tags=["bonus"]
def shared_origin(rays: Float[Tensor, "nrays 2 3"]) -> Float[Tensor, " 3"]:
    """The origin of all rays, 0 without any; ValueError if they have several."""
    if len(other := (rays[:, 0] != rays[:1, 0]).any(dim=1).nonzero()):
        raise ValueError(f"ray {int(other[0])} has another origin than ray 0: use moller_trumbore for several origins")
    return rays[0, 0] if len(rays) else rays.new_zeros(3)  # zeros of the dtype and on the device of rays


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
# 写两个函数。`nearness` 返回每一对的距离的倒数：三个侧面的内积都不是负数时，是第四个内积，否则是 0；上面的例子，方向化成单位长度以后约 0.44。前面可以再有一个批的轴（`*batch`），每一批用自己的矩阵。
# `raytrace_edges` 返回 `raytrace_mesh` 的结果：移动三角形，`edge_matrix`，方向用 `unit`，分块取最大，最后再取倒数；$1/0$ 是无穷大，正是没碰到。
# - 起点不止一个（哪怕只差一点点），或眼睛正在某个三角形上：`ValueError`；`shared_origin` 和 `edge_matrix` 会抛出。
# - 没有光线、没有三角形都要有结果；`nan` 和无穷大由第一行处理；擦着边和顶点的不评判。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · one matrix product · 25 min
#
# Write two functions. `nearness` returns one over the distance of every pair: the fourth inner product where none of the sides' three is negative, else 0; the example above, with its direction at length 1, gives about 0.44. There may be another axis in front (`*batch`), with a matrix of its own for each batch.
# `raytrace_edges` returns what `raytrace_mesh` does: move the triangles, `edge_matrix`, directions by `unit`, the maximum chunk by chunk, and at the end one over it; $1/0$ is infinity, which is a miss.
# - More than one origin (however close), or an eye that lies on a triangle: `ValueError`; `shared_origin` and `edge_matrix` raise it.
# - No rays and no triangles still give a result; the first line deals with `nan` and infinity; hits on edges and corners aren't judged.
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
# 不看批：`nrays 3` 与 `4 ntriangles 3` 怎样相乘，得到 `4 nrays ntriangles`？矩阵乘法把最后两个轴以外的轴都当作批。
# %% [markdown] lang="en" tags=["hint"]
# Without a batch: how do you multiply `nrays 3` with `4 ntriangles 3`, to get `4 nrays ntriangles`? A matrix product takes all axes before the last two for batches.
# %% [markdown] lang="zh" tags=["hint"]
# `matrix.mT` 交换最后两个轴；方向要在 `nrays` 前面多一个长 1 的轴；`unbind(dim=-3)` 得到四个数。
# %% [markdown] lang="en" tags=["hint"]
# `matrix.mT` exchanges the last two axes; directions need an axis of length 1 before `nrays`; `unbind(dim=-3)` gives the four numbers.
# %% [markdown] lang="zh" tags=["bonus"]
# ## 5 · 选做：不算的才最快
# ### 先问盒子
#
# 到这里，每一对都算过。可是一条朝左的光线，不必去问右边的一千个三角形。
# 包围盒（bounding box）是把一堆三角形装进去的、与坐标轴平行的最小的盒子；光线碰不到盒子，就碰不到里面的任何一个。反过来不成立：碰到盒子，里面可以一个也碰不到。
# 盒子只要两个角就能确定：各坐标的最小值，和各坐标的最大值。
# 一盒的三角形要彼此靠近，才有得省：随便凑一堆，盒子就几乎和整个场景一样大，几乎每条光线都碰到它，每一对照样要算，盒子也就白问了。
# %% [markdown] lang="en" tags=["bonus"]
# ## 5 · Bonus: what isn't computed is fastest
# ### Ask the box first
#
# So far every pair was computed. But for a ray to the left there is no need to test a thousand triangles on the right.
# The **bounding box** of some triangles is the smallest box along the axes that holds them all; a ray that misses the box misses all that is in it. The reverse is wrong: a ray may meet the box and none of the triangles.
# Two corners are enough for a box: the least of each coordinate, and the greatest of each.
# It saves work only if the triangles in a box are close to each other: if they are picked at random, the box is nearly as large as the scene, nearly every ray meets it, all pairs are computed anyway, and asking the boxes was wasted time.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 包围盒 · 10 分钟
#
# 返回每一批三角形的包围盒：第一行是最小的 $x$、$y$、$z$，第二行是最大的。一个三角形 $(1, -2, 3)$、$(4, 0, -1)$、$(2, 5, 0)$ 的盒子是 $(1, -2, -1)$ 和 $(4, 5, 3)$。
# - 前面可以有任意多个批的轴，也可以没有；每批至少有一个三角形。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · bounding boxes · 10 min
#
# Return the bounding box of each batch of triangles: the first row is the least $x$, $y$ and $z$, the second the greatest. For one triangle $(1, -2, 3)$, $(4, 0, -1)$, $(2, 5, 0)$ it is $(1, -2, -1)$ and $(4, 5, 3)$.
# - In front there may be no axis of batches, or any number; each batch has at least one triangle.
# %% exercise="bounding_boxes" difficulty=1 importance=2 minutes=10 tags=["bonus"]
def bounding_boxes(triangles: Float[Tensor, "*batch ntriangles 3 3"]) -> Float[Tensor, "*batch 2 3"]:
    """The least and the greatest x, y and z of each batch of one triangle or more."""
    # solution
    return torch.stack([triangles.amin(dim=(-3, -2)), triangles.amax(dim=(-3, -2))], dim=-2)


if __name__ == "__main__":
    tests.test_bounding_boxes(bounding_boxes)


# %% [markdown] lang="zh" tags=["hint"]
# 哪两个轴要消失？`amin` 的 `dim` 可以一次写两个轴：三角形和顶点；从右边数，前面有多少批都不怕。
# %% [markdown] lang="en" tags=["hint"]
# Which two axes have to vanish? `amin` takes two axes as `dim`, triangles and corners; counted from the right, it doesn't matter how many batches are in front.
# %% [markdown] lang="zh" numbers="1 2 -1 -0.33 0.67" tags=["bonus"]
# ### 三层板
#
# 盒子是三层板（slab）的公共部分：$x$ 在两个值之间是一层板，$y$、$z$ 各一层。
# 光线在每层板里停留一段“时间” $[t_\text{near}, t_\text{far}]$；三段有公共部分，而且不全在眼睛后面，就碰到盒子。
#
# 平面上用笔走一遍：盒子是 $2 \le x \le 4$，$-1 \le y \le 2$，从原点出发。
# 方向 $(2, 1)$：$x$ 的板是 $t$ 从 1 到 2，$y$ 的板是从 -1 到 2；公共部分从 1 到 2，碰到。
# 方向 $(2, 3)$：$x$ 的板还是从 1 到 2，$y$ 的板从 -0.33 到 0.67：光线离开 $y$ 的板时，还没进 $x$ 的板，碰不到。
# 公共部分从*最晚的进入*到*最早的离开*；分量是负数时，先碰到的是大的那一面，所以两端要各取一次小和大。
#
# 与板平行时，除以 0：起点在板的里面，两端是 $-\infty$ 和 $+\infty$，正好；起点恰好在板的面上，是 $0/0$，得 `nan`，要另外处理：平行的光线，要么一直在板里，要么永远不在。
# %% [markdown] lang="en" numbers="1 2 -1 -0.33 0.67" tags=["bonus"]
# ### Three slabs
#
# A box is what three slabs have in common: $x$ between two values is one slab, $y$ and $z$ are one each.
# A ray is in each slab for some "time" $[t_\text{near}, t_\text{far}]$; if the three have something in common that isn't all behind the eye, it meets the box.
#
# With a pencil, in the plane: the box is $2 \le x \le 4$ and $-1 \le y \le 2$, and the ray starts at 0.
# With the direction $(2, 1)$ it is in the slab of $x$ for $t$ from 1 to 2, in that of $y$ from -1 to 2; in both from 1 to 2: a hit.
# With $(2, 3)$ it is in the slab of $x$ from 1 to 2 again, in that of $y$ from -0.33 to 0.67: it leaves the slab of $y$ before it enters that of $x$, and misses.
# What they have in common runs from the *last entry* to the *first exit*; where a component is negative the larger face comes first, so take the smaller and the larger of both ends.
#
# A ray parallel to a slab divides by 0: with its origin within, the ends are $-\infty$ and $+\infty$, which is right; exactly on a face it is $0/0$, `nan`, and needs its own rule: a parallel ray is in the slab always or never.
# %% tags=["bonus"]
if __name__ == "__main__":
    low, high = torch.tensor([2.0, -1]), torch.tensor([4.0, 2])
    for direction in (torch.tensor([2.0, 1]), torch.tensor([2.0, 3])):
        ends = torch.stack([low / direction, high / direction])
        near, far = ends.amin(dim=0), ends.amax(dim=0)
        times = [f"from {a:.2g} to {b:.2g}" for a, b in zip(near.tolist(), far.tolist(), strict=True)]
        print(direction.tolist(), "x", times[0], "y", times[1], "meets:", bool(near.max() <= far.min()))
    figures.slabs(low, high).show()


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 光线与盒子 · 25 分钟
#
# 返回布尔张量 `nrays nboxes`：每条光线碰到每个盒子吗？盒子的两行是最小和最大的角。
# 盒子 $(2, -1, 1)$ 到 $(4, 2, 6)$，从原点沿 $(3, 0.5, 3.5)$：`True`；沿 $(3, 0.5, -2)$：`False`。
# - 面、棱、角都算（只在算起来没有舍入的数上评判）；从里面出发也算，包括起点在离开的那一面上；光线不会在方向的尽头停下，所以方向短也算。
# - 与板平行（分量是 0 或 -0.0）：起点在板里，包括恰好在面上，就不受这层板限制；在外面就碰不到。方向是零向量时，只看起点在不在盒子里。
# - 盒子可以没有厚度；没有光线或没有盒子时，结果也有形状。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · a ray and a box · 25 min
#
# Return truth values `nrays nboxes`: does each ray meet each box? The two rows of a box are its least and its greatest corner.
# For the box from $(2, -1, 1)$ to $(4, 2, 6)$, from 0 along $(3, 0.5, 3.5)$: `True`; along $(3, 0.5, -2)$: `False`.
# - Faces, edges and corners count (judged only on numbers that need no rounding); so does an origin inside, also on the face by which the ray leaves; a ray doesn't stop at the end of its direction, so a short one counts, too.
# - Parallel to a slab (a component of 0 or -0.0): with the origin in the slab, faces included, that slab sets no limit; outside, it is a miss. For a direction of zero only the origin decides.
# - A box may have no thickness; without rays or without boxes the result still has its shape.
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
# 把坐标轴放在最前，光线和盒子配成表：`d nrays 1` 与 `d 1 nboxes`。上一格的 `near` 和 `far` 现在是什么形状？
# %% [markdown] lang="en" tags=["hint"]
# With the coordinates' axis first, rays and boxes make a table: `d nrays 1` and `d 1 nboxes`. What are the shapes of `near` and `far` of the cell above?
# %% [markdown] lang="zh" tags=["hint"]
# 平行的地方用 `torch.where` 换掉：在板里就是 $-\infty$ 到 $+\infty$，在外面就是一段空的（near 是 $+\infty$，far 是 $-\infty$）。
# 最后两个条件：公共部分不空；它的末端不在眼睛后面。
# %% [markdown] lang="en" tags=["hint"]
# Where it is parallel, `torch.where` puts other values: from $-\infty$ to $+\infty$ within the slab, and an empty stretch outside (near $+\infty$, far $-\infty$).
# Two conditions at the end: what they have in common isn't empty, and its end isn't behind the eye.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 两层：小片与簇
#
# 盒子的想法用得彻底一些：把相邻的光线分成*小片*，相邻的三角形分成*簇*，每组各放进一个从眼睛出发的圆锥（一根轴，加一个能包住全组的角）。
# 两个圆锥不相交，小片里的光线就碰不到簇里的任何三角形，32·32 = 1,024 对一次略过。
# 下一格里，`groups` 给出每组成员的编号（一组一行），`cones` 给出每组的轴和角的余弦，`overlaps` 给出相交的对（上面一行是小片的编号，下面一行是簇的）。
# 图里一行是一个小片，一列是一个簇，着色的才要算：只是一小部分。
# 这就是层次：大的先答，答不了的再问小的；真正的光线追踪程序叠二十来层，道理相同。
# %% [markdown] lang="en" tags=["bonus"]
# ### Two levels: tiles and clusters
#
# Take the idea of the box further: put neighbouring rays into *tiles* and neighbouring triangles into *clusters*, and put a cone round each group, from the eye (an axis, and an angle that covers the whole group).
# If two cones don't meet, no ray of the tile hits any triangle of the cluster, and 32·32 = 1,024 pairs are skipped at once.
# In the next cell `groups` gives the numbers of each group's members (a row for each group), `cones` each group's axis and the cosine of its angle, and `overlaps` the pairs that meet (tiles in the first row, clusters in the second).
# In the figure a row is a tile and a column a cluster, and only what is coloured has to be computed: a small part.
# This is a hierarchy: the large one answers first, and only where it can't are the small ones asked; real ray tracers have some twenty levels, for the same reason.
# %% tags=["bonus"]
if __name__ == "__main__":
    directions = unit(make_rays_2d(60, 60, 0.6, 0.6)[:, 1])
    near_knot = meshes.torus_knot(2_000) + torch.tensor([3.0, 0, 0])
    tile_rays, cluster_members = groups(directions, 32), groups(near_knot.mean(dim=1), 32)
    corners = near_knot[cluster_members].flatten(1, 2)  # axes 1 and 2 become one: all corners of a cluster
    cluster_cones = cones(unit(corners.flatten(0, 1)).view_as(corners))  # view_as: in the shape of corners again
    candidates = overlaps(cones(directions[tile_rays]), cluster_cones)
    blocks = len(tile_rays) * len(cluster_members)
    print(f"{blocks} blocks of pairs, {candidates.shape[1]} to be computed: {candidates.shape[1] / blocks:.0%}")
    figures.candidates(candidates, len(tile_rays), len(cluster_members)).show()


# %% [markdown] lang="zh" numbers="3 0 5" tags=["bonus"]
# ### 同一小片，许多对
#
# 一对（小片，簇）算完，得到小片里每条光线的最大 `nearness`，要与这条光线已有的最好成绩比大小。
# 整批地算时有一个陷阱：同一小片出现在许多对里。`best[tiles] = found` 会让后写的盖掉先写的，哪个在后还说不准；要的是“写进去之前先比大小”。
# `scatter_reduce(0, index, found, "amax")` 正是这样：按 `index` 把每个 `found` 送到各自的格子，与那里的数取大。
# 例如三个小片，每片一条光线，`best` 是 0、0、5；三对的小片是 0、2、0，`found` 是 3、1、2：结果是 3、0、5。
# `index` 要与 `found` 同样形状，所以小片的编号要沿光线的轴重复（`expand_as`）。
# %% [markdown] lang="en" numbers="3 0 5" tags=["bonus"]
# ### One tile in many pairs
#
# A pair (tile, cluster) gives the largest `nearness` of each ray of the tile, to be compared with the best that this ray has so far.
# A whole batch of pairs has a trap: one tile occurs in many of them. With `best[tiles] = found` a later write overwrites an earlier one, and it isn't even certain which is later; what we want is to compare before writing.
# That is `scatter_reduce(0, index, found, "amax")`: by `index` it sends each of `found` to its cell, and keeps the larger of the two there.
# For example, let three tiles have one ray each, and `best` be 0, 0, 5; the tiles of three pairs are 0, 2, 0, and `found` is 3, 1, 2: the result is 3, 0, 5.
# `index` has the shape of `found`, so the tiles' numbers are repeated along the rays' axis (`expand_as`).
# %% tags=["bonus"]
if __name__ == "__main__":
    best, found, tile_of_pair = (
        torch.tensor([[0.0], [0], [5]]),
        torch.tensor([[3.0], [1], [2]]),
        torch.tensor([0, 2, 0]),
    )
    index = tile_of_pair[:, None].expand_as(found)
    print("amax:", best.scatter_reduce(0, index, found, "amax").flatten().int().tolist())
    overwritten = best.clone()
    overwritten[tile_of_pair] = found
    print("overwritten:", overwritten.flatten().int().tolist())


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 每对取最好 · 15 分钟
#
# `tiles` 是 `ntiles tile 3` 个单位方向，`matrix` 的每一块是一簇的 `edge_matrix`，形状 `nclusters 4 cluster 3`；`pairs` 的第一行是小片的编号，第二行是簇的编号；`best` 是 `ntiles tile` 个已有的 `nearness`。
# 返回新的 `best`：每条光线取已有的与这些对里所有三角形的 `nearness` 中最大的。
# - 同一小片可以出现许多次，也可以一次不出现（那就保持原样）；`best` 本身不许改动；一对也没有时，返回与 `best` 相等的张量。
# - 可以调用你的 `nearness`；几万对要分块算，`CHUNK // 2 // (tile * cluster)` 对一块（至少 1 对）就好。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · the best of pairs · 15 min
#
# `tiles` are `ntiles tile 3` unit directions; each block of `matrix` is the `edge_matrix` of a cluster, so its shape is `nclusters 4 cluster 3`; the first row of `pairs` numbers tiles, the second clusters; `best` is the `ntiles tile` of `nearness` so far.
# Return the new `best`: for each ray the largest of what it had and of the `nearness` of all triangles in these pairs.
# - A tile may occur many times, or never (then it stays as it was); `best` itself must not change; without pairs the result equals `best`.
# - You may call your `nearness`; for tens of thousands of pairs go in chunks, `CHUNK // 2 // (tile * cluster)` pairs (at least 1) at a time.
# %% exercise="best_of_pairs" difficulty=3 importance=2 minutes=15 tags=["bonus"]
def best_of_pairs(
    matrix: Float[Tensor, "nclusters 4 cluster 3"],
    tiles: Float[Tensor, "ntiles tile 3"],
    pairs: Int[Tensor, "2 npairs"],
    best: Float[Tensor, "ntiles tile"],
) -> Float[Tensor, "ntiles tile"]:
    """`best`, or the greatest nearness of each ray in these pairs (tile, cluster) where that is more."""
    # solution
    for some in pairs.split(max(1, CHUNK // 2 // (tiles.shape[1] * matrix.shape[2])), dim=1):
        found = nearness(tiles[some[0]], matrix[some[1]]).amax(dim=-1)
        best = best.scatter_reduce(0, some[0, :, None].expand_as(found), found, "amax")
    return best.clone() if not pairs.shape[1] else best


if __name__ == "__main__":
    tests.test_best_of_pairs(best_of_pairs)


# %% [markdown] lang="zh" tags=["hint"]
# 用编号作下标，`tiles` 和 `matrix` 各变成一对一个的批；`nearness` 一次算完这一批，哪个轴要用 `amax` 消去？
# %% [markdown] lang="en" tags=["hint"]
# With their numbers as indices, `tiles` and `matrix` become a batch, one entry for each pair; `nearness` computes the batch in one call; which axis then vanishes by `amax`?
# %% [markdown] lang="zh" tags=["hint"]
# `pairs.split(n, dim=1)` 切块；每一块像上一格那样用 `scatter_reduce`（没有下划线的那个，返回新张量），结果作下一块的 `best`。
# %% [markdown] lang="en" tags=["hint"]
# `pairs.split(n, dim=1)` cuts; for each chunk use `scatter_reduce` as in the cell above (the one without an underscore, which returns a new tensor), and its result is the next chunk's `best`.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 准备好的东西
#
# 下面的 `two_levels` 把准备工作都做了；读一遍，它只有四步：
#
# 1. 眼睛移到原点，方向化成单位长度；碰不到总包围盒的光线全扔掉。
# 2. 剩下的光线分成小片，三角形分成簇；每组一样大，凑不齐的，最后一个编号重复几次。
# 3. 给每组做圆锥，`overlaps` 找出可能相交的对。
# 4. 给每簇算一个下界 `at_least`：簇里每一点到眼睛都至少有这么远。一个点到眼睛的距离，不会小于它在圆锥轴上的投影；所以取各顶点的投影中最短的。
#
# 结果是一个 `NamedTuple`，字段可以按名字取：`levels.pairs`。
# %% [markdown] lang="en" tags=["bonus"]
# ### What is prepared
#
# All preparations are made by `two_levels` below; read it, it has only four steps:
#
# 1. Move the eye to 0 and bring directions to length 1; drop all rays that miss the bounding box of everything.
# 2. Put the other rays into tiles and the triangles into clusters; all groups are equal in size, and where members are missing the last number is repeated.
# 3. Make a cone round each group; `overlaps` finds the pairs that may meet.
# 4. Give each cluster a lower bound `at_least`: each of its points is at least that far from the eye. A point's distance is never less than its length along the cone's axis; so take the least of the corners' lengths along the axis.
#
# The result is a `NamedTuple`, whose fields have names: `levels.pairs`.
# %% tags=["bonus"]
class Levels(NamedTuple):
    """Rays in tiles and triangles in clusters, seen from an eye at 0."""

    members: Int[Tensor, "ntiles tile"]  # the number of each ray in `rays`
    tiles: Float[Tensor, "ntiles tile 3"]  # their unit directions
    matrix: Float[Tensor, "nclusters 4 cluster 3"]  # the `edge_matrix` of each cluster
    pairs: Int[Tensor, "2 npairs"]  # (tile, cluster) whose cones meet, in no order
    at_least: Float[Tensor, " nclusters"]  # no point of the cluster is closer to the eye


def two_levels(rays: Tensor, triangles: Tensor, tile: int, cluster: int) -> Levels:
    """At least one ray and one triangle, prepared; rays that miss the bounding box of all triangles are in no tile."""
    triangles, directions = triangles - shared_origin(rays), unit(rays[:, 1])
    matrix, parts = edge_matrix(triangles), groups(triangles.mean(dim=1), cluster)
    margin = (
        1e-5 * triangles.abs().max() * torch.tensor([[-1.0], [1.0]]).to(rays)
    )  # a box a little larger: room for rounding
    from_zero = torch.stack([torch.zeros_like(directions), directions], dim=1)
    ahead = intersect_boxes(from_zero, (bounding_boxes(triangles) + margin)[None])[:, 0].nonzero()[:, 0]
    members = ahead[groups(directions[ahead], tile)] if len(ahead) else ahead.reshape(0, 1)
    corners = triangles[parts].flatten(1, 2)
    axis, cos = cones(unit(corners.flatten(0, 1)).view_as(corners))
    at_least = (corners @ axis[:, :, None]).amin(dim=(1, 2))
    pairs = overlaps(cones(directions[members]), (axis, cos))
    return Levels(members, directions[members], matrix[:, parts].transpose(0, 1).contiguous(), pairs, at_least)


# %% [markdown] lang="zh" numbers="1.25 0.75" tags=["bonus"]
# ### 由近到远，略过被挡住的
#
# 圆锥相交的对，还有许多不必算：前面的表面已经挡住了后面的簇。
# 一个小片里，`best` 最小的那条光线看得最远，在 $1/\text{best}$ 处；一簇至少有 `at_least` 那么远，若比它还远，这一簇就全被挡住了。写成乘法：`at_least` 乘最小的 `best` 大于 1，就略过。
# 例如小片的两条光线已碰到距离 2 和 4，`best` 是 0.5 和 0.25；至少在 5 处的簇，5·0.25 = 1.25 > 1，略过；至少在 3 处的，0.75，还要算。有一条光线什么也没碰到，`best` 是 0，就什么也不能略过。
#
# 所以先算近的：把对按簇的 `at_least` 从小到大排好，切成几批（`rounds`），每批之前用最新的 `best` 略去一些。
# 舍入会让 1 变成 1.0000001，所以与 1.001 比：多算几对不要紧，少算一对就画错了。
# %% [markdown] lang="en" numbers="1.25 0.75" tags=["bonus"]
# ### From near to far, skipping what is hidden
#
# Of the pairs whose cones meet, many need not be computed either: a surface in front hides the clusters behind.
# In a tile the ray with the smallest `best` sees farthest, to $1/\text{best}$; a cluster is at least `at_least` away, and if that is farther still, all of it is hidden. As a product: skip it if `at_least` times the smallest `best` is above 1.
# For example, the two rays of a tile have found 2 and 4, so `best` is 0.5 and 0.25; for a cluster at least 5 away, 5·0.25 = 1.25 > 1, skip it; for one at least 3 away it is 0.75, so compute it. If a ray has found nothing, its `best` is 0, and nothing may be skipped.
#
# So begin with what is near: sort the pairs by their cluster's `at_least`, from small to large, cut them into some `rounds`, and before each round skip by the newest `best`.
# Rounding may make 1.0000001 of 1, so compare with 1.001: some pairs more do no harm, one pair less is a wrong picture.
# %% tags=["bonus"]
if __name__ == "__main__":
    best = torch.tensor([[1 / 2, 1 / 4]])  # one tile of two rays
    for at_least in (5.0, 3.0):
        print(f"at least {at_least:g}: {(at_least * best.amin(dim=1)).item():g}")


# %% [markdown] lang="zh" numbers="24000000" tags=["bonus"]
# ### 练习 · 两层 · 40 分钟
#
# 返回 `raytrace_edges` 的结果，光线的顺序任意；`tile` 和 `cluster` 是一组最多有几个，传给 `two_levels`。用 `two_levels`、排序、`rounds` 批、`best_of_pairs` 拼出来；最后距离是 $1/\text{best}$，写回各光线自己的位置，不在任何小片里的光线是无穷大。
# - 没有光线、没有三角形：函数开头已经返回了，留着。起点不止一个、眼睛在三角形上：`two_levels` 会抛出 `ValueError`。
# - 评判会把每次 torch 运算所得张量的元素个数加起来，视图、就地改写和 `two_levels` 里面的（约一百万）也算：1,500 条光线、2,000 个三角形，要少于 8·1,500·2,000 = 24000000 个，也就是平均每一对不到 8 个（每一对都算，要 12 个以上）。
# - 不用 `two_levels` 也算对。
# %% [markdown] lang="en" numbers="24000000" tags=["bonus"]
# ### Exercise · two levels · 40 min
#
# Return what `raytrace_edges` does, for rays in any order; `tile` and `cluster` say how many a group has at most: hand them to `two_levels`. Put it together from `two_levels`, a sort, `rounds` rounds and `best_of_pairs`; at last the distance is $1/\text{best}$, written to each ray's own place, and infinity for rays that are in no tile.
# - No rays or no triangles: the beginning of the function has returned already, keep it. Several origins, or an eye on a triangle: `two_levels` raises `ValueError`.
# - The elements of what each torch operation returns are added up, also of views, writes in place and what `two_levels` makes (about a million): for 1,500 rays and 2,000 triangles there must be fewer than 8·1,500·2,000 = 24000000, that is fewer than 8 a pair (to compute every pair takes 12 and more).
# - An answer without `two_levels` is accepted.
# %% exercise="raytrace_two_level" difficulty=4 importance=2 minutes=40 tags=["bonus"]
def raytrace_two_level(
    rays: Float[Tensor, "nrays 2 3"],
    triangles: Float[Tensor, "ntriangles 3 3"],
    tile: int = 32,
    cluster: int = 32,
    rounds: int = 6,
) -> Float[Tensor, " nrays"]:
    """What `raytrace_edges` gives, for rays in any order; `tile` rays and `cluster` triangles at most share a cone."""
    require_finite(rays=rays, triangles=triangles)
    distance = torch.full_like(rays[:, 0, 0], math.inf)
    if not len(rays) or not len(triangles):
        return distance
    # solution
    members, tiles, matrix, pairs, at_least = two_levels(rays, triangles, tile, cluster)
    pairs = pairs[:, at_least[pairs[1]].argsort()]
    best = tiles.new_zeros(members.shape)
    for some in pairs.tensor_split(rounds, dim=1):
        hidden = at_least[some[1]] * best.amin(dim=1)[some[0]] > 1.001
        best = best_of_pairs(matrix, tiles, some[:, ~hidden], best)
    distance[members] = 1 / best
    return distance


if __name__ == "__main__":
    print("allowed:", 8 * 1500 * 2000)
    ready = tests.test_raytrace_two_level(raytrace_two_level) and tests.test_raytrace_edges(raytrace_edges)
    if ready:
        rays, knot = make_rays_2d(120, 120, 0.6, 0.6), meshes.torus_knot(10_000) + torch.tensor([3.0, 0, 0])
        slow, fast = seconds(raytrace_edges, rays, knot, repeats=1), seconds(raytrace_two_level, rays, knot)
        print(f"144,000,000 pairs: raytrace_edges {slow:.2f} s, raytrace_two_level {fast:.3f} s: {slow / fast:.0f} x")


# %% [markdown] lang="zh" tags=["hint"]
# 先不排序、不略过，一次把所有的对交给 `best_of_pairs`：结果就对了。`best` 从什么开始？形状是什么？
# %% [markdown] lang="en" tags=["hint"]
# At first without sorting or skipping, give all pairs to `best_of_pairs` at once: the result is right already. What does `best` begin with, and in what shape?
# %% [markdown] lang="zh" tags=["hint"]
# 再排序：`at_least[pairs[1]]` 是每对一个数，`argsort` 给出顺序，作 `pairs` 第二个轴的下标；`tensor_split(rounds, dim=1)` 切成几批。
# %% [markdown] lang="en" tags=["hint"]
# Then sort: `at_least[pairs[1]]` is a number for each pair, `argsort` gives the order, an index for the second axis of `pairs`; `tensor_split(rounds, dim=1)` cuts it into rounds.
# %% [markdown] lang="zh" tags=["hint"]
# 每批里，`best.amin(dim=1)` 是每个小片一个数，按这批的小片编号取出来，与 `at_least` 相乘；写回时 `members` 就是下标。
# %% [markdown] lang="en" tags=["hint"]
# In each round `best.amin(dim=1)` is a number for each tile; take it by the tiles' numbers of this round, and multiply by `at_least`; to write back, `members` is the index.
# %% [markdown] lang="zh" tags=["question", "bonus"] see="raytrace_two_level"
# 组分得越小，略过得越准，圆锥的对数却越多；分得越大则相反。`tile=1, cluster=1` 和“全部一组”各会怎样？为什么真的程序要二十层，而不是两层？
# %% [markdown] lang="en" tags=["question", "bonus"] see="raytrace_two_level"
# The smaller the groups, the more exactly you can skip, but the more pairs of cones there are; with larger groups it is the other way round. What happens with `tile=1, cluster=1`, and with everything in one group? Why do real programs have twenty levels rather than two?
# %% [markdown] lang="zh" tags=["answer"]
# 每组一个时，圆锥的比较就有全部的对那么多，什么也没省；全部一组时，只有一对圆锥，什么也略不掉。
# 两层时，圆锥的对数与每组大小相互牵制，最好的大小大约是数目的平方根。层数多了，每层把剩下的对半分，一条光线要问的盒子通常就与三角形数目的*对数*成正比：一百万个三角形，大约二十层。
# %% [markdown] lang="en" tags=["answer"]
# With groups of one there are as many pairs of cones as pairs of a ray and a triangle, and nothing is saved; with everything in one group there is a single pair of cones, and nothing is skipped.
# With two levels, smaller groups mean more cones, and the best size is roughly the square root of the count. With more levels each halves what is left, so the number of boxes that a ray asks typically grows like the *logarithm* of the number of triangles: about twenty levels for a million.
# %% [markdown] lang="zh"
# ## 6 · 落日之前
#
# 一只狐狸，一盏灯，转一圈。
# 这里没有新东西：旋转、法向量、朗伯定律和混合积，这两课里你都写过。
# %% [markdown] lang="en"
# ## 6 · Before sunset
#
# One fox, one lamp, one turn.
# Nothing here is new: you have written the rotation, the normals, Lambert's law and the triple products in these two lessons.
# %%
def lit_frame(rays: Tensor, triangles: Tensor, light: Tensor) -> Float[Tensor, " nrays"]:
    """The brightness that each ray of unit direction sees, nan where it hits nothing."""
    lit, normal = torch.full((len(rays),), math.nan), normals(triangles)
    step = max(1, CHUNK // len(triangles))
    for part, some in zip(lit.split(step), rays.split(step), strict=True):  # split gives views: part writes to lit
        distance, closest = pair_distances(some, triangles).min(dim=1)  # the smallest value, and its index
        bright = shade(some[:, 1], normal[closest], light, 0.15, 0.85)
        part.copy_(torch.where(distance.isinf(), math.nan, bright))
    return lit


def lit_video(rays: Tensor, triangles: Tensor, light: Tensor, num_frames: int) -> Float[Tensor, "frames nrays"]:
    """A full turn about the z axis of a mesh at 0, seen from the rays' origins and lit from a fixed side."""
    rays = torch.stack([rays[:, 0], unit(rays[:, 1])], dim=1)
    turns = [rotation_matrix(torch.tensor(math.tau * k / num_frames)) for k in range(num_frames)]
    return torch.stack([lit_frame(rays, triangles @ turn.T, light) for turn in turns])


if __name__ == "__main__":
    ready = tests.test_normals(normals) and tests.test_shade(shade) and tests.test_moller_trumbore(moller_trumbore)
    if ready:
        rays = make_rays_2d(80, 80, 0.55, 0.55) - torch.tensor([[3.0, 0, 0], [0, 0, 0]])
        video = lit_video(rays, meshes.fox(), torch.tensor([-1.0, 0.7, 1.2]), 24)
        figures.lit_animation(video, 80, en="A fox, turning in the light", zh="光里转动的狐狸").show()


# %% [markdown] lang="zh"
# ## 7 · 这些还会回来
#
# - 内积作为“多像”：第 2 天的卷积和滤波器，以后的注意力。
# - 先数字节、再切块：训练时的批大小；第 4 天 `part4_distributed` 里，数的是每个进程要传的字节。
# - 每次运算是一长串相邻的数：`part2_strides` 量卷积的几种写法，`einsum` 和矩阵乘法为什么快。
# - `normals`、`shade`、`pair_distances`：`part5_vaes` 用它们画出成千张带光照的图片，训练生成模型。
#
# **读物**：Tomas Möller 与 Ben Trumbore，*Fast, Minimum Storage Ray/Triangle Intersection*（英文，1997 年，只有几页），第 3 节的算法就从这里来。读时想：他们先算 $u$，不满足条件就立刻返回；我们整批地算，为什么不这样做？
# Peter Shirley 等人的 *Ray Tracing in One Weekend*（英文，作者在网上公开，也有志愿者译成中文）往前走一步：让光线反弹，画出镜子和玻璃。读时想：反弹以后，光线不再有同一个起点，第 4 节的哪一步就不能用了？
#
# 合上书，试着说出：为什么亮度是余弦，为什么先翻法向量再取 0；`argmin` 对全是无穷大的一行给出什么；一对要 9 个数，360 个元素怎样切；克莱姆法则为什么是两个体积之比；为什么把 $x$、$y$、$z$ 拆开；层次为什么省。
# 说不出哪一条，就回到哪一节。
# %% [markdown] lang="en"
# ## 7 · Where these pieces come back
#
# - An inner product as "how alike": convolutions and filters on day 2, attention later on.
# - Bytes first, then chunks: batch sizes in training; on day 4 `part4_distributed` counts the bytes that each process sends.
# - Long runs of neighbouring numbers: `part2_strides` measures several ways to convolve, and why `einsum` and matrix products are fast.
# - `normals`, `shade` and `pair_distances`: `part5_vaes` draws lit pictures with them by the thousand, to train a model that generates.
#
# **Reading**: Tomas Möller and Ben Trumbore, *Fast, Minimum Storage Ray/Triangle Intersection* (in English, 1997, a few pages) is where the method of section 3 comes from. While you read: they compute $u$ first, and return at once if it fails; we compute whole batches, so why don't we?
# *Ray Tracing in One Weekend* by Peter Shirley and others (in English; the authors publish it on the web, and there are translations into Chinese by volunteers) goes a step further: rays bounce, and there are mirrors and glass. While you read: after a bounce rays have no common origin any more, so which step of section 4 fails?
#
# Without looking up, try to say: why brightness is a cosine, and why the normal is flipped before the 0; what `argmin` gives for a row of infinity; how to cut for 360 elements when a pair takes 9; why Cramer's rule is a ratio of volumes; why $x$, $y$ and $z$ are kept apart; why a hierarchy saves work.
# What you can't say, look up in its section.
