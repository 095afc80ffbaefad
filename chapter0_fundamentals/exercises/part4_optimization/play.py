# %% [markdown] lang="zh"
# # 玩一玩 · 梯度下降
#
# 一条山谷，横着的曲率是顺着的十倍。从 $(8, 2)$ 出发，走 40 步。
# 一个滑块选学习率，一个滑块选动量；“播放”把路重新走一遍。
# %% [markdown] lang="en"
# # Play · gradient descent
#
# A valley, ten times as curved across as along. The walk starts at $(8, 2)$ and takes 40 steps.
# One slider chooses the learning rate, the other the momentum; Play walks the path again.
# %%
from part4_optimization import figures
from part4_optimization.solutions import ravine, roll

RATES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.18, 0.19, 0.25, 0.3)
MOMENTA = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)

if __name__ == "__main__":
    paths = {(lr, momentum): roll(lr, momentum) for lr in RATES for momentum in MOMENTA}
    figures.explorer(ravine, paths, start=(0.05, 0.0)).show()

# %% [markdown] lang="zh" tags=["question"]
# 先猜，再拖：
#
# - 动量为 0 时，从哪个学习率起会来回晃，从哪个起会飞出去？
# - 学习率 0.25 在没有动量时会飞走。加多少动量，它就留在谷里？
# - 动量 0.95 时，有没有一个学习率能让它不绕圈？
# %% [markdown] lang="en" tags=["question"]
# Guess first, then move the sliders:
#
# - Without momentum, from which learning rate on does it zigzag, and from which does it fly away?
# - With a learning rate of 0.25 and no momentum it flies away. How much momentum keeps it in the valley?
# - With a momentum of 0.95, is there a learning rate at which it doesn't circle?
# %% [markdown] lang="zh" tags=["answer"]
# - $y$ 方向的曲率是 10：每步乘以 $1 - 10\eta$。超过 $\eta = 0.1$ 它就变号，来回晃；超过 $2/10$，绝对值大于 1，飞出去。
# - 有动量 $\beta$ 时，界限放宽到 $2(1 + \beta)/10$：0.3 就够了。
# - 滑块上没有。要不绕圈，需要 $\eta \le (1 - \sqrt{\beta})^2 / 10$，这里不到 0.0001，慢得没有意义。
# %% [markdown] lang="en" tags=["answer"]
# - The curvature along $y$ is 10, so each step multiplies by $1 - 10\eta$. Above $\eta = 0.1$ that is negative, and the path zigzags; above $2/10$ it is larger than 1 in size, and the path flies away.
# - With momentum $\beta$ the limit is $2(1 + \beta)/10$: 0.3 is enough.
# - Not on this slider. Without circling, $\eta$ can be at most $(1 - \sqrt{\beta})^2 / 10$, here less than 0.0001, which is far too slow to be of use.
