# %% [markdown] lang="zh"
# # 玩一玩 · 两个正态变量
#
# $X$ 的均值是 1，标准差是 1；$Y$ 的均值是 0，标准差是 2。滑块是它们的相关系数 $\rho$。
# 左边是样本，右边是 $X + Y$ 的分布和公式的预言。
# %% [markdown] lang="en"
# # Play · two Gaussians
#
# $X$ has mean 1 and standard deviation 1, $Y$ has mean 0 and standard deviation 2. The slider is their correlation $\rho$.
# On the left are samples, on the right is the distribution of $X + Y$ with what the formula predicts.
# %%
import torch

from part0_chance import figures
from part0_chance.solutions import sample_gaussians, sum_of_gaussians

if __name__ == "__main__":
    mean, std = torch.tensor([1.0, 0.0]), torch.tensor([1.0, 2.0])
    rhos = [round(0.1 * i, 1) for i in range(-10, 11)]
    samples = {rho: sample_gaussians(2000, mean, std, rho, torch.Generator().manual_seed(0)) for rho in rhos}
    figures.correlated_sums(samples, {rho: sum_of_gaussians(1, 1, 0, 2, rho) for rho in rhos}).show()

# %% [markdown] lang="zh" tags=["question"]
# 先猜，再拖：
#
# - 左边的点云在 $\rho = 1$ 时变成什么？$\rho = -1$ 时呢？
# - 和的均值会随 $\rho$ 移动吗？方差呢？
# - $\rho = -1$ 时和还有起伏。$\sigma_2$ 要等于多少，和才会变成一个常数？
# %% [markdown] lang="en" tags=["question"]
# Guess first, then move the slider:
#
# - What becomes of the cloud on the left at $\rho = 1$? And at $\rho = -1$?
# - Does the mean of the sum move with $\rho$? Does its variance?
# - At $\rho = -1$ the sum still varies. What would $\sigma_2$ have to be for the sum to be a constant?
# %% [markdown] lang="zh" tags=["answer"]
# - 一条直线：一个变量完全决定另一个。$\rho = 1$ 时向上，$\rho = -1$ 时向下。
# - 均值总是 $1 + 0$。方差是 $1 + 4 + 2\rho \cdot 1 \cdot 2$：从 $\rho = -1$ 时的 1，到不相关时的 5，再到 $\rho = 1$ 时的 9。
# - 等于 $\sigma_1$，也就是 1：这时 $\sigma_1^2 + \sigma_2^2 - 2\sigma_1\sigma_2 = (\sigma_1 - \sigma_2)^2 = 0$。
# %% [markdown] lang="en" tags=["answer"]
# - A line: either variable tells the other exactly. It rises at $\rho = 1$ and falls at $\rho = -1$.
# - The mean is always $1 + 0$. The variance is $1 + 4 + 2\rho \cdot 1 \cdot 2$: from 1 at $\rho = -1$ through 5 without correlation to 9 at $\rho = 1$.
# - As large as $\sigma_1$, which is 1: then $\sigma_1^2 + \sigma_2^2 - 2\sigma_1\sigma_2 = (\sigma_1 - \sigma_2)^2 = 0$.
