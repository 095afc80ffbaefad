# %% [markdown] lang="zh" order=1
# # 第 5 天 · 自编码器与变分自编码器
#
# 这一课你先把一张数字图压成几个数，再还原出来（自编码器），与最老的办法 PCA（第 1 节）比谁还原得好；然后让网络凭空画出新的数字（变分自编码器，简称 VAE），并学会检查它画得像不像、十类全不全。
#
# **先修**：`part2_cnns`（训练、留出集）、`part2_resnets`（`SmallResNet`、`predict`）、`part0_chance`（期望、KL）、`part0_maths`（SVD）。
# **时间**：约 3 个半小时；第 3 节之后正好休息。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint VAE`，自测用 `coach questions`。
#
# 规矩：输入不许改动；`float64` 进，`float64` 出；不连续的张量也要对；`torch.nn` 的模块都可以用。
# 评判只给各练习写明的那种输入：至少一张图，值是有限的浮点数；没写明的情形不评判。
# 随机数一律取自 torch 的全局发生器，这样 `torch.manual_seed` 之后再来一次，结果相同；怎样抽不限。
# %% [markdown] lang="en" order=1
# # Day 5 · autoencoders and variational autoencoders
#
# In this lesson you first squeeze a picture of a digit into a few numbers and restore it (an autoencoder), and compare it with the oldest way, PCA (section 1); then you let a network draw new digits out of nothing (a variational autoencoder, VAE for short), and learn to check whether they are good and whether all ten are there.
#
# **You need** `part2_cnns` (training, held-out data), `part2_resnets` (`SmallResNet`, `predict`), `part0_chance` (expectation, KL) and `part0_maths` (SVD).
# **Time**: about three and a half hours; after section 3 is a good place for a break.
# **How to read**: guess first, then run, and only then write. `coach hint VAE` helps when you are stuck, `coach questions` asks the self-check.
#
# The rules: inputs stay unchanged; `float64` in, `float64` out; tensors that aren't contiguous work too; all modules of `torch.nn` may be used.
# You are judged only on inputs as the exercises describe them: at least one picture, finite floats; cases not described aren't judged.
# Random numbers come from torch's global generator, so that the same `torch.manual_seed` gives the same result again; how you draw them is up to you.
# %%
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from part2_cnns.progress import progress
from part2_cnns.solutions import TrainArgs, train_with_validation
from part2_resnets.solutions import SmallResNet, predict
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from part5_vaes import data, figures, tests


# %% [markdown] lang="zh" tags=["question"] see="part0_maths.low_rank"
# 先回想，不要翻看：SVD 的前 $k$ 项给出的矩阵，在所有秩不超过 $k$ 的矩阵里有什么特别？
# %% [markdown] lang="en" tags=["question"] see="part0_maths.low_rank"
# From memory first: what is special about the first $k$ terms of an SVD, among all matrices of rank at most $k$?
# %% [markdown] lang="zh" tags=["answer"]
# 它离原矩阵最近：各元素之差的平方和最小。第 1 节就靠这一条。
# %% [markdown] lang="en" tags=["answer"]
# They are closest to the matrix: the sum of squared differences is the least possible. Section 1 rests on this.
# %% [markdown] lang="zh" tags=["question"] see="part0_chance.kl_divergence"
# 再回想一个：$\mathrm{KL}(q \parallel p)$ 最小是多少，什么时候取到？交换 $q$ 和 $p$，值变不变？
# %% [markdown] lang="en" tags=["question"] see="part0_chance.kl_divergence"
# And one more: what is the least value of $\mathrm{KL}(q \parallel p)$, and when is it reached? Is it the same with $q$ and $p$ exchanged?
# %% [markdown] lang="zh" tags=["answer"]
# 最小是 0，当且仅当 $q = p$；交换之后一般不同。它是“世界按 $q$ 来，你却信 $p$”平均多付的惊讶。第 5 节用它给编码定价。
# %% [markdown] lang="en" tags=["answer"]
# It is 0, exactly where $q = p$; exchanged, it is in general another number. It is the extra surprise you pay on average if things follow $q$ while you believe $p$. Section 5 sets the price of a code by it.
# %% [markdown] lang="zh" numbers="4.7"
# ## 1 · 用几个数记住一张图
# ### 一张图要几个数
#
# 一张 8×8 的数字有 64 个像素。可随便填 64 个数，几乎不会像一个数字：真正的数字只占其中很小的一角，似乎不必用 64 个数去记。
# 试一试：只许用 2 个数记一张图，再从这 2 个数画回来，叫重建（reconstruction）。差多少？
#
# 差多少要有一把尺子：每个像素的差，平方，*整张图加起来*，再对各张图平均。
# 什么都不记，每张图都画成训练集的平均图，留出集上的误差是 4.7；这是起跑线。
# %% [markdown] lang="en" numbers="4.7"
# ## 1 · A picture in a few numbers
# ### How many numbers does a picture need?
#
# A digit of 8×8 has 64 pixels. Yet 64 numbers at random hardly ever look like a digit: real digits fill a tiny corner of all pictures, and it shouldn't take 64 numbers to name one.
# Try it: keep only 2 numbers of a picture, and draw the picture again from these 2: that is a **reconstruction**. How far off is it?
#
# That takes a measure: the difference in each pixel, squared, *summed over the picture*, and averaged over the pictures.
# Keep nothing, and draw the mean of the training pictures each time: on held-out pictures the error is 4.7, and that is where we start.
# %%
def squared_error(
    images: Float[Tensor, "batch c h w"], others: Float[Tensor, "batch c h w"]
) -> Float[Tensor, " batch"]:
    """The squared differences of each picture, summed over its pixels."""
    return (images - others).square().flatten(1).sum(dim=1)


if __name__ == "__main__":
    images, labels = data.digits(train=True).tensors
    held_out, held_out_labels = data.digits(train=False).tensors
    mean_picture = images.mean(dim=0, keepdim=True)
    print(f"{len(images)} to train on, {len(held_out)} held out, values {images.min():.0f} to {images.max():.0f}")
    print(f"error of the mean picture: {squared_error(held_out, mean_picture).mean():.1f}")


# %% [markdown] lang="zh" numbers="0.00 2.24 10.0"
# ### PCA：沿变化最大的方向
#
# 最老的办法是主成分分析（principal component analysis，简称 PCA）：找出数据变化最大的几个方向，每个点只记它沿这些方向走了多远。
#
# 用三个点走一遍：(1, 2)、(2, 4)、(3, 6)。
# 均值是 (2, 4)；减去它，剩下 (−1, −2)、(0, 0)、(1, 2)，全在方向 $(1, 2)/\sqrt 5$ 上。
# 所以每个点一个数就够：−2.24、0.00、2.24（2.24 是 $\sqrt 5$），画回来分毫不差。
# 再来一个新点 (4, 3)：减去均值是 (2, −1)，与那个方向垂直，点积为 0，于是画成均值 (2, 4)；误差是 $2^2 + 1^2 = 5$。
# 一个方向记不住与它垂直的变化，这就是压缩的代价。
#
# 方向从哪里来？把减去均值的训练数据排成矩阵，做 SVD，$V^\top$ 的前 $k$ 行就是变化最大的 $k$ 个方向，长度都是 1，两两垂直。
# 沿一个方向变化多少？把记下的数平方、相加：5 + 0 + 5 = 10.0，恰好是奇异值的平方。除以 $n - 1 = 2$，得 5，就是沿这个方向的方差，也是协方差矩阵（每两个坐标的协方差排成的表）的特征值。
# 所以训练数据丢了多少，一算便知：奇异值的平方若是 6、3、1，$k = 2$ 丢掉的是最后一个，占全部变化的 1/10；拿特征值来算，比例一样。
# %% [markdown] lang="en" numbers="0.00 2.24 10.0"
# ### PCA: along the directions of most change
#
# The oldest way is **principal component analysis** (PCA): find the few directions along which the data vary most, and keep only how far each point lies along them.
#
# Follow it for three points, (1, 2), (2, 4) and (3, 6).
# Their mean is (2, 4); minus the mean they are (−1, −2), (0, 0), (1, 2), all along the direction $(1, 2)/\sqrt 5$.
# So one number each is enough, −2.24, 0.00 and 2.24 (which is $\sqrt 5$), and the points come back exactly.
# Now a new point, (4, 3): minus the mean it is (2, −1), perpendicular to that direction, its dot product is 0, and so it is drawn as the mean (2, 4); the error is $2^2 + 1^2 = 5$.
# One direction can't remember what is perpendicular to it: that is what compression costs.
#
# Where do the directions come from? Put the training data, minus their mean, into a matrix and take its SVD: the first $k$ rows of $V^\top$ are the $k$ directions of most change, each of length 1, perpendicular to each other.
# How much do the data vary along a direction? Square the numbers kept and add them up: 5 + 0 + 5 = 10.0, which is exactly the square of the singular value. Divided by $n - 1 = 2$ it is 5, the variance along that direction, and an eigenvalue of the covariance matrix (the table of the covariances of each two coordinates).
# So you can tell what is lost of the training data: if the squares are 6, 3 and 1, $k = 2$ loses the last one, 1/10 of all variation; eigenvalues give the same shares.
# %%
if __name__ == "__main__":
    points = torch.tensor([[1.0, 2], [2, 4], [3, 6]])
    centred = points - points.mean(dim=0)
    svd = torch.linalg.svd(centred, full_matrices=False)  # False: only the rows needed
    direction = svd.Vh[:1]  # Vh is Vᵀ
    print("numbers kept (the sign is free):", [f"{abs(v):.2f}" for v in (centred @ direction.T).flatten().tolist()])
    print("singular values, squared:", [f"{value:.1f}" for value in svd.S.square().tolist()])


# %% [markdown] lang="zh"
# ### 练习 · PCA 的重建 · 15 分钟
#
# 每一行是一张展平的图。均值和方向*只*从 `train` 来，用它们把 `held_out` 的每一行压成 `k` 个数，再画回来，返回与 `held_out` 同形状的张量。
# 上面的三个点、`k = 1`：新点 `[4, 3]` 变成 `[2, 4]`。
# `k` 从 0（每行都画成 `train` 的均值）到 `train` 的行数与列数中较小的那个；`held_out` 可以只有一行。
# 奇异值为 0，或有几个相同时，方向不唯一，不评判；正好 `k` 行、至少 `k` 列时，最后一个奇异值总是 0。
# 结果要精确（float64 时准到八位），所以不要用带随机的近似 `torch.pca_lowrank`；`torch.linalg` 里的都可以用。
# %% [markdown] lang="en"
# ### Exercise · reconstruction by PCA · 15 min
#
# Each row is a flattened picture. Mean and directions come from `train` *only*; with them squeeze each row of `held_out` into `k` numbers, draw it again, and return a tensor of the shape of `held_out`.
# For the three points above and `k = 1` the new point `[4, 3]` becomes `[2, 4]`.
# `k` goes from 0 (each row becomes the mean of `train`) to the number of rows or of columns of `train`, whichever is smaller; `held_out` may have a single row.
# Where a singular value is 0, or two are equal, directions aren't unique, and nothing is judged; with exactly `k` rows and at least `k` columns the last singular value is always 0.
# The result is to be exact (in float64 to eight digits), so don't use `torch.pca_lowrank`, a random approximation; all of `torch.linalg` may be used.
# %% exercise="pca_reconstruct" difficulty=2 importance=4 minutes=15
def pca_reconstruct(
    train: Float[Tensor, "n pixels"], held_out: Float[Tensor, "m pixels"], k: int
) -> Float[Tensor, "m pixels"]:
    """The rows of `held_out` drawn from `k` numbers each, by the mean and the first `k` principal directions of `train`."""
    # solution
    mean = train.mean(dim=0)
    directions = torch.linalg.svd(train - mean, full_matrices=False).Vh[:k]
    return mean + (held_out - mean) @ directions.T @ directions


if __name__ == "__main__":
    pca_errors = {}
    if tests.test_pca_reconstruct(pca_reconstruct):
        for k in (0, 2, 8, 32):
            drawn = pca_reconstruct(images.flatten(1), held_out.flatten(1), k).reshape(held_out.shape)
            pca_errors[k] = float(squared_error(held_out, drawn).mean())
        print("error by numbers kept:", {k: round(error, 1) for k, error in pca_errors.items()})


# %% [markdown] lang="zh" tags=["hint"]
# 有两次要用均值：哪一次减，哪一次加？两次都是谁的均值？
# %% [markdown] lang="en" tags=["hint"]
# The mean is used twice: where is it subtracted, where added? And whose mean is it, both times?
# %% [markdown] lang="zh" tags=["hint"]
# 方向排成 `k pixels` 的矩阵 $V$：乘 $V^\top$ 得到 `m k` 的编码，再乘 $V$ 回到 `m pixels`。
# %% [markdown] lang="en" tags=["hint"]
# With the directions as a matrix $V$ of shape `k pixels`, times $V^\top$ gives codes of shape `m k`, and times $V$ brings them back to `m pixels`.
# %% [markdown] lang="zh" numbers="3.3 3.2 3.8"
# ### 对手不能太强，也不能太弱
#
# 下面要拿 PCA 当对手，比赛就得公平。只记 2 个数，它的误差是 3.3；下面两个错误，一个让它偏低，一个让它偏高：
# - *均值和方向都从 `held_out` 求*：对这些图来说，没有别的方向比它们自己的更合适，误差降到 3.2。可是留出集要量的，是*没见过*的图记得多好；见过再量，一般会偏低，图越少，偏得越多。
# - *不减均值*：像素都不小于 0，图全在原点的同一边，第一个方向几乎正对着平均图。一个数花在张张都有的东西上，误差升到 3.8。
#
# 凡是从数据里算出来的（均值、方向、缩放的倍数），都只用训练集算。
# %% [markdown] lang="en" numbers="3.3 3.2 3.8"
# ### A rival neither too strong nor too weak
#
# PCA will be the rival below, so the contest must be fair. With 2 numbers its error is 3.3; one mistake lowers it, another raises it:
# - *Mean and directions found from `held_out`*: none fit these pictures better than their own, and the error falls to 3.2. But held-out pictures measure how well pictures *never seen* are kept; after being seen they usually look too good, the more so the fewer there are.
# - *Mean not subtracted*: no pixel is below 0, so all pictures lie on one side of the origin, and the first direction points almost exactly at the mean picture. One number is spent on what all have in common, and the error rises to 3.8.
#
# Whatever is computed from data (a mean, directions, a scale) is computed on the training set alone.
# %%
if __name__ == "__main__":
    if pca_errors:
        ours, theirs = images.flatten(1), held_out.flatten(1)
        mirrored = torch.cat([ours, -ours])  # its mean is 0, so that nothing is subtracted
        for name, rows in (("train", ours), ("held-out pictures", theirs), ("train, mean not subtracted", mirrored)):
            error = (theirs - pca_reconstruct(rows, theirs, 2)).square().sum(dim=1).mean()
            print(f"directions of {name}: error {error:.1f}")


# %% [markdown] lang="zh" tags=["question"] see="pca_reconstruct"
# 有人先把所有的图（训练的和留出的放在一起）减去总均值、除以总标准差，再分成训练集和留出集。留出集上的误差还可信吗？该怎么做？
# %% [markdown] lang="en" tags=["question"] see="pca_reconstruct"
# Somebody takes all pictures together, subtracts their mean, divides by their standard deviation, and only then splits off the held-out ones. Can the held-out error still be trusted? What should be done?
# %% [markdown] lang="zh" tags=["answer"]
# 不完全可信：留出的图参与了均值和标准差，它们已经被看过一点，误差多半偏低。图多时偏得很少，图少时就说不准了。
# 先分，再只用训练集算均值和标准差，留出集用同样的两个数。
# %% [markdown] lang="en" tags=["answer"]
# Not quite: held-out pictures had a part in the mean and the standard deviation, so they have been seen a little, and the error is probably too low. With many pictures it is off by very little; with few, there is no telling.
# Split first, compute both numbers on the training set alone, and use the same two on the held-out pictures.
# %% [markdown] lang="zh"
# ## 2 · 自编码器
# ### 让网络自己找压法
#
# PCA 只会沿直线走：记下的数加倍，图上的变化也加倍。可“7 上的一横有没有”“1 斜不斜”都不是把像素成倍放大。
# 半径为 1 的圆上的点，其实一个数就够，就是角度；可是一个直的方向只含变化的一半，PCA 的误差平均是 0.5。网络能弯，误差可以接近 0，只有一处难办：圆总要在哪里剪开，剪口两边的邻居，对应的数却离得很远，而连续的函数跳不过去。
# 自编码器（autoencoder）把两步都换成网络：
#
# | 部分 | 从 | 到 |
# |---|---|---|
# | 编码器（encoder） | 图，64 个数 | 潜变量（latent variable），`latent_dim_size` 个数，也叫编码 |
# | 解码器（decoder） | 潜变量 | 图，64 个数 |
#
# 中间那几个数是瓶颈（bottleneck）：比图窄得多，所以不能照抄，只能学会*概括*。
# 窄也不保险：单单一个数，连同它的小数位，就够当编号用，大的解码器能背下几号是哪张图；这要看留出的图才知道。
# 目标就是输入本身，不需要标签；损失就是上面的误差。
# 哪些细节留得下来，全由这个损失说了算，而它只数像素，不问意思：一变就牵动许多像素的（粗细、倾斜），先记；只占一两个像素的，丢了也不大要紧。
# 例如 3 与 8 只差左边的两个缺口：合上它们只错几个像素，在我们眼里却成了另一个数字。
# %% [markdown] lang="en"
# ## 2 · The autoencoder
# ### Let a network find out how to squeeze
#
# PCA only follows straight lines: twice the numbers kept, twice the change in the picture. But whether a 7 has its bar, or how slanted a 1 is, isn't a matter of multiplying pixels.
# Points on a circle of radius 1 need one number only, the angle; but a straight direction holds only half of their variation, and the error of PCA is 0.5 on average. A network can bend, and its error can come close to 0, except where the circle must be cut: neighbours across the cut have numbers far apart, and continuous functions can't jump.
# An **autoencoder** replaces both steps by networks:
#
# | part | from | to |
# |---|---|---|
# | **encoder** | a picture, 64 numbers | the **latent variables**, `latent_dim_size` numbers, also called the code |
# | **decoder** | latent variables | a picture, 64 numbers |
#
# The few numbers in the middle are the **bottleneck**: far narrower than a picture, so nothing can be copied through, and the network must learn to *summarise*.
# Narrow is no guarantee: even one number, with all its decimals, can act as a serial number, and a large decoder can learn by heart which picture has which; held-out pictures tell.
# The target is the input itself, so no labels are needed; the loss is the error above.
# This loss alone decides which details survive, and it counts pixels, not meaning: what changes many pixels (thickness, slant) is kept first, and a pixel or two may well be lost.
# A 3 and an 8, for example, differ by two gaps on the left: close them, and few pixels are wrong, but to us it is another digit.
# %% [markdown] lang="zh" tags=["question"] see="Autoencoder"
# 先预测，练习之后的一格会给出答案：同样只记 8 个数，自编码器在*留出*的图上的误差，与 PCA 相比是差不多、小一成，还是小四成？
# 如果去掉 ReLU，编码器、解码器各只有一个线性层，它能胜过 PCA 吗？
# %% [markdown] lang="en" tags=["question"] see="Autoencoder"
# Predict; the cell after the exercises has the answer: with 8 numbers kept by both, is the autoencoder's error on *held-out* pictures about that of PCA, one tenth less, or four tenths less?
# And without the ReLU, with encoder and decoder just one linear layer each, could it beat PCA?
# %% [markdown] lang="zh" tags=["answer"]
# 小四成左右。
# 去掉 ReLU 就不能（至少在训练集上）：两个线性层相乘，是一个秩不超过 8 的矩阵；而第一个问题说过，PCA 已经是其中最好的。胜出全靠弯曲。
# %% [markdown] lang="en" tags=["answer"]
# About four tenths less.
# Without the ReLU it can't, on the training data at least: two linear layers multiply to a matrix of rank at most 8, and as the first question said, PCA is already the best of those. All that is won is won by bending.
# %%
def mlp(*sizes: int) -> list[nn.Module]:
    """Linear layers from each size to the next, with a ReLU between two of them."""
    layers: list[nn.Module] = []
    for d_in, d_out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(d_in, d_out), nn.ReLU()]
    return layers[:-1]


# %% [markdown] lang="zh"
# ### 练习 · 自编码器 · 15 分钟
#
# `self.encoder`：展平、线性层到 `hidden_dim_size`、ReLU、线性层到 `latent_dim_size`。
# `self.decoder` 反过来：线性层到 `hidden_dim_size`、ReLU、线性层到 `size * size`，再变回 `1 size size` 的图（`nn.Unflatten(1, (1, size, size))` 是展平的反面，把轴 1 拆成三个轴）；最后不加激活函数，编码之后也不加。
# 两个名字要这样写，层的先后也要这样登记（先编码器），里面的名字随你；线性层都有偏置，上面的 `mlp` 可以用，评判时也在。
# `forward` 先编码，再解码。例如 `Autoencoder(2, 128)` 把 `5 1 8 8` 变成 `5 2`，再变回 `5 1 8 8`。
# %% [markdown] lang="en"
# ### Exercise · the autoencoder · 15 min
#
# `self.encoder`: flatten, a linear layer to `hidden_dim_size`, ReLU, a linear layer to `latent_dim_size`.
# `self.decoder` the other way: a linear layer to `hidden_dim_size`, ReLU, a linear layer to `size * size`, then back to pictures of `1 size size` (`nn.Unflatten(1, (1, size, size))`, the opposite of flattening, splits axis 1 into three); no activation at the end, and none after the code.
# Use these two names, and register the layers in this order (encoder first); names inside are up to you; linear layers have biases, and `mlp` above may be used, it is there when you are judged.
# `forward` encodes, then decodes. `Autoencoder(2, 128)`, for example, turns `5 1 8 8` into `5 2`, and back into `5 1 8 8`.
# %% exercise="Autoencoder" difficulty=2 importance=5 minutes=15
class Autoencoder(nn.Module):
    """Pictures of `1 size size` through `latent_dim_size` numbers, and back."""

    def __init__(self, latent_dim_size: int, hidden_dim_size: int, size: int = 8) -> None:
        super().__init__()
        # solution
        self.encoder = nn.Sequential(nn.Flatten(), *mlp(size**2, hidden_dim_size, latent_dim_size))
        self.decoder = nn.Sequential(*mlp(latent_dim_size, hidden_dim_size, size**2), nn.Unflatten(1, (1, size, size)))

    def forward(self, images: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 1 size size"]:
        # solution
        return self.decoder(self.encoder(images))


if __name__ == "__main__":
    if tests.test_Autoencoder(Autoencoder):
        print("codes:", tuple(Autoencoder(2, 128).encoder(images[:5]).shape))  # type: ignore


# %% [markdown] lang="zh" tags=["hint"]
# 编码器的输出和解码器的输入是同一样东西：它有几个数？
# %% [markdown] lang="en" tags=["hint"]
# The encoder's output and the decoder's input are the same thing: how many numbers are in it?
# %% [markdown] lang="zh" tags=["hint"]
# 两个 `nn.Sequential`；`*mlp(…)` 把列表里的层一个个放进去，`nn.Unflatten(1, …)` 从轴 1 变出三个轴。
# %% [markdown] lang="en" tags=["hint"]
# Two `nn.Sequential`; `*mlp(…)` puts the list's layers in one by one, and `nn.Unflatten(1, …)` makes three axes of axis 1.
# %%
@dataclass
class AutoencoderArgs:
    """What to train, on what, and how; `on_epoch` is called with the model after each epoch."""

    make_model: Callable[[], nn.Module] = lambda: Autoencoder(2, 128)
    train_set: Dataset = field(default_factory=data.digits)  # a new one each time
    epochs: int = 40
    batch_size: int = 64
    lr: float = 3e-3
    seed: int = 0
    on_epoch: Callable[[nn.Module], None] | None = None


# %% [markdown] lang="zh"
# ### 练习 · 训练自编码器 · 20 分钟
#
# 像第 2 天的 `train`：先 `torch.manual_seed(args.seed)`，再 `args.make_model()`，然后训练，返回模型和每一步的损失（更新之前的 Python 数）。
# - 损失：每张图的 `squared_error`（对像素求和），再对这一批的图求*平均*。例如两张图的误差是 3 和 5，损失是 4。
# - 优化器用 `torch.optim.Adam`，学习率 `args.lr`。
# - `args.train_set` 是任何 `Dataset`，每项是一对（图，标签），标签用不着；每一轮重新打乱，每张图恰好用一次，最后不满的一批也用；交给 `DataLoader`。
# - 每一轮*之后*，若 `args.on_epoch` 不是 `None`，就以模型为参数调用它一次：下面用它边训练边看图。它不改模型的模式；`model.train()` 你调不调用都行。
# - 同样的 `args` 再来一次，损失相同；`progress(range(args.epochs))` 画进度条，用不用随你。
# %% [markdown] lang="en"
# ### Exercise · train the autoencoder · 20 min
#
# Like `train` on day 2: first `torch.manual_seed(args.seed)`, then `args.make_model()`, then train; return the model and the loss of each step (Python numbers, before the step).
# - The loss: the `squared_error` of each picture (a sum over pixels), then the *mean* over the batch's pictures. If two pictures are off by 3 and 5, the loss is 4.
# - The optimiser is `torch.optim.Adam` with learning rate `args.lr`.
# - `args.train_set` is any `Dataset` of pairs (picture, label), and labels aren't needed; shuffle anew in each epoch, use each picture exactly once, a last smaller batch too; leave it to a `DataLoader`.
# - *After* each epoch, unless `args.on_epoch` is `None`, call it once with the model: below it lets you watch. It leaves the model's mode alone; you may call `model.train()` or not.
# - The same `args` give the same losses again; `progress(range(args.epochs))` draws a progress bar, if you like.
# %% exercise="train_autoencoder" difficulty=2 importance=4 minutes=20
def train_autoencoder(args: AutoencoderArgs) -> tuple[Any, list[float]]:
    """The trained model and the loss of each step, before it."""
    # solution
    torch.manual_seed(args.seed)
    model = args.make_model()
    loader = DataLoader(args.train_set, args.batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    losses = []
    for _ in progress(range(args.epochs), "epochs"):
        for images, _ in loader:
            loss = squared_error(images, model(images)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if args.on_epoch:
            args.on_epoch(model)
    return model, losses


if __name__ == "__main__":
    autoencoders = {}
    if tests.test_train_autoencoder(train_autoencoder) and tests.test_Autoencoder(Autoencoder):
        watch = figures.Watch(lambda model: torch.cat([held_out[:10], model(held_out[:10])]))
        for k in (2, 8, 32):  # `k=k` below keeps the k of this turn
            args = AutoencoderArgs(lambda k=k: Autoencoder(k, 128), on_epoch=watch if k == 8 else None)
            autoencoders[k], _ = train_autoencoder(args)
            error = squared_error(held_out, autoencoders[k](held_out)).mean()
            pca_error = pca_errors.get(k, math.nan)  # "not a number" where exercise 1 isn't written
            print(f"{k} numbers: autoencoder {error:.1f}, PCA {pca_error:.1f}")
        watch.replay().show()


# %% [markdown] lang="zh" tags=["hint"]
# 这里的标签去了哪里？损失拿什么与什么比？
# %% [markdown] lang="en" tags=["hint"]
# Where did the labels go? What is compared with what?
# %% [markdown] lang="zh" tags=["hint"]
# 种子、模型、加载器、优化器；每一批：前向、损失、`zero_grad`、`backward`、`step`、`loss.item()`。
# %% [markdown] lang="en" tags=["hint"]
# Seed, model, loader, optimiser; in each batch: forward, loss, `zero_grad`, `backward`, `step`, `loss.item()`.
# %% [markdown] lang="zh" numbers="0.9 1.6 2.3 3.3 0.2 1.5"
# 8 个数时，自编码器的误差约 0.9，PCA 是 1.6（这 1,437 张图、2 秒钟的训练）；2 个数时是 2.3 左右对 3.3。
# 自编码器记的 2 个数，比 PCA 的 2 个数值钱得多，但它要训练，答案还随种子变；PCA 一步算出，永远相同。
# 若你的自编码器在*训练集*上也不如 PCA，先怀疑没训练好（轮数、学习率）或代码有错，不要怀疑过拟合：那只会让留出集变差。PCA 能做的它本来都能做：$\mathrm{relu}(x) - \mathrm{relu}(-x) = x$，两个隐藏单元就能把一个数原样传过去，而这里有 128 个。
#
# 编码之后、最后一层之后，为什么都不加激活函数？它的值域决定了那里*写得出*哪些数。
# 编码之后加 ReLU，编码就没有负数；哪个数若对每张图都是 0，斜率也是 0，它自己的权重得不到梯度，多半再也活不过来：下一格里，8 个数这样死了一半，误差是 1.5。
# 解码器最后加 sigmoid 倒是合适的，它的值域与像素相同；没有它，约四分之一的像素会画到 0 与 1 之外一点。平方误差不大在乎，加了 sigmoid 仍是 0.9；损失若是二元交叉熵，就非加不可。这里不加，是为了让两个对手只差中间的弯曲。
#
# 那么该记几个数？留出集上的误差起初降得快，后来降得慢：从 2 个到 8 个，每多一个数降约 0.23；从 8 个到 32 个（误差 0.2），每多一个只降约 0.03。
# 误差最小不是目的：给 64 个数，照抄就行，编码里没有概括。取在弯处，再多一个也降不了多少的地方，这里是 8 个左右；要把编码画在平面上，就取 2 个。
#
# 去掉 ReLU 呢？编码和解码合起来只是一个 64×64 的矩阵（外加偏置），中间只有 8 个数，所以秩不超过 8。
# 在训练集上，这样的矩阵里 PCA 最好，网络至多追平：胜出全靠弯曲。
# 几个方向各乘一个数、再相加，得出的所有点合起来叫子空间（subspace），例如过原点的一个平面。
# 追平时，它用的是与 PCA *同一个*子空间，编码却可以不同。例如 PCA 记下 $(3, 1)$，它可以记下和与差 $(4, 2)$：解码器照样算得回 3 和 1，画出同一张图。
# 所以它的方向不必垂直，也不必按变化的大小排列。
# %% [markdown] lang="en" numbers="0.9 1.6 2.3 3.3 0.2 1.5"
# With 8 numbers the autoencoder is off by about 0.9, PCA by 1.6 (on these 1,437 pictures, after two seconds of training); with 2 numbers it is about 2.3 against 3.3.
# Its 2 numbers are worth far more than PCA's; but it must be trained, and its answer varies with the seed, while PCA's never does.
# If yours is worse than PCA on the *training* pictures too, suspect poor training (epochs, learning rate) or a bug; overfitting spoils held-out pictures only. It could do all that PCA does: $\mathrm{relu}(x) - \mathrm{relu}(-x) = x$, so two hidden units pass one number on unchanged, and there are 128.
#
# Why is there no activation after the code, and none at the end? Its range limits what can be *written* there.
# After a ReLU no code is negative, and a number that is 0 for every picture has slope 0: its own weights get no gradient, and it hardly ever comes back. In the next cell half of the 8 numbers are dead in this way, and the error is 1.5.
# A sigmoid does suit the decoder's end, with the range of the pixels; without it about a quarter of them are drawn a little outside 0 to 1. The squared error hardly minds, and with a sigmoid is 0.9 again; binary cross-entropy would need it. We leave it out: the two rivals are to differ in bending alone.
#
# How many numbers should one keep? The error on held-out pictures falls fast at first and slowly later: from 2 numbers to 8 by about 0.23 for each number more, from 8 to 32 (where the error is 0.2) by about 0.03.
# The least error isn't the aim: with 64 numbers copying will do, and the code summarises nothing. Stop at the bend, where one more number hardly helps, here around 8; or take 2, if codes are to be drawn in a plane.
#
# And without the ReLU? Encoder and decoder together are just one matrix of 64×64 (and a bias), and as only 8 numbers pass through its middle, its rank is at most 8.
# Among such matrices PCA is the best for the training data, and the network can at most be as good: what it wins, it wins by bending.
# All points that can be mixed from a few directions together form a **subspace**; a plane through the origin is one.
# When it is as good, it uses the *same* subspace as PCA, but perhaps another code. Where PCA keeps $(3, 1)$, it may keep sum and difference, $(4, 2)$: the decoder finds 3 and 1 again, and draws the same picture.
# So its directions need be neither perpendicular nor sorted by how much varies along them.
# %%
if __name__ == "__main__":
    if autoencoders and pca_errors:
        drawn = pca_reconstruct(images.flatten(1), held_out.flatten(1), 8).reshape(held_out.shape)
        with torch.no_grad():
            figures.rows(
                {"original": held_out[:12], "PCA": drawn[:12], "autoencoder": autoencoders[8](held_out[:12])}
            ).show()
        for name, ends in (
            ("ReLU after the code", lambda model: nn.Sequential(model.encoder, nn.ReLU(), model.decoder)),
            ("sigmoid at the end", lambda model: nn.Sequential(model, nn.Sigmoid())),
        ):
            other, _ = train_autoencoder(AutoencoderArgs(lambda ends=ends: ends(Autoencoder(8, 128))))
            print(f"{name}: error {squared_error(held_out, other(held_out)).mean():.1f}")
            if name.startswith("ReLU"):
                dead = (other[:2](images) == 0).all(dim=0).sum()  # other[:2]: its first two parts, encoder and ReLU
                print(f"of its 8 numbers {dead} are 0 for every picture")
        outside = (autoencoders[8](held_out) - 0.5).abs() > 0.5
        print(f"neither: {outside.float().mean():.0%} of the pixels are drawn outside 0 to 1")
    mix = torch.tensor([[1.0, 1], [1, -1]])  # sum and difference
    other_code = mix @ torch.tensor([3.0, 1.0])
    print("another code:", other_code.tolist(), "and back:", torch.linalg.solve(mix, other_code).tolist())


# %% [markdown] lang="zh" numbers="15 3.0 1.8"
# ### 给它一张不是数字的图
#
# 把纯噪声交给 8 个数的自编码器，会还回什么？解码器只学过画数字，画不出噪声：还回来的是有点像数字的墨团，误差平均约 15，而留出的数字里，最差的一张也只有 3.0。
# 所以误差大，就提示这张图不寻常：用这个办法找次品、找坏了的传感器，叫异常检测（anomaly detection）。
# 但这不是证明：一张空图（全是 0），误差只有 1.8，比最差的数字还小。
# %% [markdown] lang="en" numbers="15 3.0 1.8"
# ### A picture that is no digit
#
# Hand pure noise to the autoencoder of 8 numbers: what comes back? The decoder has only learnt to draw digits, and can't draw noise. Blots a little like digits come back, off by about 15 on average; the worst held-out digit is off by 3.0.
# So a large error hints at an unusual picture: finding faulty goods or broken sensors this way is **anomaly detection**.
# It is no proof: an empty picture, all 0, is off by only 1.8, less than the worst digit.
# %%
if __name__ == "__main__":
    if autoencoders:
        static = torch.rand(360, 1, 8, 8, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            back = autoencoders[8](static)
            off = squared_error(held_out, autoencoders[8](held_out))
            empty = torch.zeros(1, 1, 8, 8)
            print(f"noise is off by {squared_error(static, back).mean():.0f} on average, ", end="")
            print(f"the worst held-out digit by {off.max():.1f}, ", end="")
            print(f"an empty picture by {squared_error(empty, autoencoders[8](empty)).item():.1f}")
        figures.rows({"noise": static[:12], "comes back": back[:12]}).show()


# %% [markdown] lang="zh"
# ## 3 · 潜空间的地图，和它的洞
# ### 每个编码都画得出一张图，可是画的是什么
#
# 有了解码器，任何两个数都能变成一张图。那么随便给它两个数，不就有新的数字了吗？
# 把*潜空间*（latent space，所有编码组成的空间）铺成方格，每格解码一次，就是一张地图。
# %% [markdown] lang="en"
# ## 3 · A map of the latent space, and its holes
# ### Every code gives a picture, but of what?
#
# With a decoder any two numbers become a picture. So give it two numbers at random, and you have new digits, haven't you?
# Lay a grid over the **latent space** (the space of all codes), decode each point of it, and you have a map.
# %% [markdown] lang="zh"
# ### 练习 · 潜变量的方格 · 15 分钟
#
# 返回 `n_points * n_points` 个编码，一行一个，每个 `latent_dim_size` 个数。
# 沿 `dims` 里的两个轴，取 `interpolation_range`（小的在前）两端之间等距的 `n_points` 个值，两端都要；其余的数是 0。
# 顺序像读书：一行一行，从左到右 `dims[0]` *变大*，从上到下 `dims[1]` *变小*，这样画出来，右边和上边是大的。
# 例如 `create_grid_of_latents(3, (-1, 1), 2, dims=(0, 2))` 是 `[[-1, 0, 1], [1, 0, 1], [-1, 0, -1], [1, 0, -1]]`。
# `n_points` 至少是 2；`dims` 是两个不同的轴，从 0 数起，哪个在前都行；类型是 float32。
# %% [markdown] lang="en"
# ### Exercise · a grid of latents · 15 min
#
# Return `n_points * n_points` codes, one a row, of `latent_dim_size` numbers each.
# Along the two axes in `dims` take `n_points` values, equally spaced over `interpolation_range` (the smaller end comes first) with both ends; all other numbers are 0.
# The order is that of reading: row after row; from left to right `dims[0]` *grows*, and from top to bottom `dims[1]` *falls*, so that in the picture right and up are large.
# `create_grid_of_latents(3, (-1, 1), 2, dims=(0, 2))`, for example, is `[[-1, 0, 1], [1, 0, 1], [-1, 0, -1], [1, 0, -1]]`.
# `n_points` is 2 or more; `dims` are two different axes, counted from 0, in either order; the dtype is float32.
# %% exercise="create_grid_of_latents" difficulty=2 importance=3 minutes=15
def create_grid_of_latents(
    latent_dim_size: int,
    interpolation_range: tuple[float, float] = (-2, 2),
    n_points: int = 11,
    dims: tuple[int, int] = (0, 1),
) -> Float[Tensor, "points latent"]:
    """The codes of a square grid, row by row from the top: to the right `dims[0]` grows, downwards `dims[1]` falls."""
    # solution
    steps = torch.linspace(*interpolation_range, n_points)
    grid = torch.zeros(n_points, n_points, latent_dim_size)
    grid[..., dims[0]] = steps
    grid[..., dims[1]] = steps.flip(0)[:, None]
    return grid.flatten(0, 1)


if __name__ == "__main__":
    if tests.test_create_grid_of_latents(create_grid_of_latents) and autoencoders:
        with torch.no_grad():
            codes = autoencoders[2].encoder(held_out)
            reach = round(float(codes.abs().max()))  # the grid covers the farthest code
            pictures = autoencoders[2].decoder(create_grid_of_latents(2, (-reach, reach), 13))
        figures.latent_map(codes, held_out_labels, pictures, reach).show()


# %% [markdown] lang="zh" tags=["hint"]
# 先造一个 `n_points n_points latent_dim_size` 的全零张量：哪个轴是行，哪个轴是列？
# %% [markdown] lang="en" tags=["hint"]
# Begin with zeros of shape `n_points n_points latent_dim_size`: which axis are the rows, which the columns?
# %% [markdown] lang="zh" tags=["hint"]
# `torch.linspace` 给出等距的值；`flip(0)` 倒过来；`[:, None]` 让它沿行变化。最后把前两个轴合成一个。
# %% [markdown] lang="en" tags=["hint"]
# `torch.linspace` gives equally spaced values; `flip(0)` reverses them; with `[:, None]` they vary along the rows. At the end make one axis of the first two.
# %% [markdown] lang="zh"
# ### 洞
#
# 在图的左边看编码落在哪里：它们挤成几团，落在哪儿全看网络怎么学；团与团之间有空地，外面更是一大片空白。
# 没有用过标签，为什么同一类会聚在一起？同类的图彼此相像；图变一点，编码也只变一点，而且用相近的编码去画相像的图，最省事。
# 但坐标轴、尺度、团与团的远近，都不要当真：把编码全部乘以 10，同时把解码器第一层的权重除以 10，图和损失都不变；换一个种子，地图又是另一张。
# 训练时解码的，只有真图的编码。空地里的编码从来没有人用过，解码器在那里画什么，损失不管：这些就是*洞*。
# 压缩得好，不等于会生成：要生成，先得知道从哪里取编码，还得保证取到的都画得出东西。
#
# 2 个数的地图还看得过去；数越多，空地占得越多。下一格从 16 个数的自编码器里取编码，取法有两种：
# 从标准正态里取；或者照顾它一点，先量出编码的均值和协方差（两个数一起变化的程度），从那样的正态里取。
#
# 画得好不好，用一把尺子量：到*最近*的一张训练图的平方误差，取中位数。留出的真数字自己也不是 0：谁写的都不完全一样。
# %% [markdown] lang="en"
# ### Holes
#
# Look on the left where codes lie: in a few crowds, wherever it suited the network; there is empty land between them, and a wide desert around.
# No label was used, so why do the digits of a class crowd together? They look alike; a small change of a picture changes its code only a little, and drawing similar pictures from nearby codes is easiest.
# But ignore the axes, the scale, or how far apart two crowds are: multiply all codes by 10, divide the weights of the decoder's first layer by 10, and pictures and loss are the same; another seed gives another map.
# Training only ever decodes the codes of real pictures. Nobody ever used the codes in the empty land, and the loss doesn't care what the decoder draws there: these are the *holes*.
# Compressing well isn't generating: to generate, you must know where to take codes from, and each of these must give a decent picture.
#
# With 2 numbers the map is still fair; the more numbers, the larger the share of empty land. The next cell takes codes from an autoencoder of 16 numbers, in two ways:
# from a standard normal; or, which should help, from a normal with the mean and the covariance (how two numbers vary together) of its own codes.
#
# The measure of how good they are is the squared error to the *nearest* training picture, its median. For real held-out digits it isn't 0 either: no two people write alike.
# %% [markdown] lang="zh" tags=["question"] see="create_grid_of_latents"
# 先预测，再运行下一格：留出的真数字，这个距离是 1.1。两种取法各是多少：1.1 左右、两倍，还是好几倍？
# %% [markdown] lang="en" tags=["question"] see="create_grid_of_latents"
# Predict, then run the next cell: for real held-out digits this distance is 1.1. What is it for the two ways of taking codes: about 1.1, twice that, or many times that?
# %% [markdown] lang="zh" tags=["answer"]
# 从标准正态取：大约十倍，画的是墨团；按编码的均值和协方差取：还是两倍多。
# 量出均值和协方差，只说明整片云有多大、朝哪边伸；云里面的洞，它一点也不知道。
# %% [markdown] lang="en" tags=["answer"]
# From a standard normal about ten times that, and the pictures are blots; with mean and covariance of the codes still more than twice.
# Mean and covariance say how large the cloud is and which way it stretches, and nothing of the holes inside it.
# %%
def distance_to_known(pictures: Float[Tensor, "n 1 h w"], known: Float[Tensor, "m 1 h w"]) -> float:
    """The squared error of a picture to the nearest of the known ones, its median over the pictures."""
    distances = torch.cdist(pictures.flatten(1), known.flatten(1))  # each to each
    return float(distances.amin(dim=1).square().median())


if __name__ == "__main__":
    print(f"real held-out digits: {distance_to_known(held_out, images):.1f}")
    if autoencoders:
        autoencoders[16], _ = train_autoencoder(AutoencoderArgs(lambda: Autoencoder(16, 128)))
        torch.manual_seed(1)
        with torch.no_grad():
            codes = autoencoders[16].encoder(images)
            noise = torch.randn(1000, 16)
            # `cov` wants one variable a row, hence `.T`
            # Cholesky finds L with cov = L Lᵀ: L times standard noise varies together as the codes do
            like_codes = codes.mean(dim=0) + noise @ torch.linalg.cholesky(codes.T.cov()).T
            guessed = {"standard normal": autoencoders[16].decoder(noise)}
            guessed["normal like the codes"] = autoencoders[16].decoder(like_codes)
        for name, pictures in guessed.items():
            print(f"{name}: {distance_to_known(pictures, images):.1f}")
        figures.rows({"held out": held_out[:12]} | {name: pictures[:12] for name, pictures in guessed.items()}).show()


# %% [markdown] lang="zh" tags=["question"] see="Autoencoder"
# 把瓶颈放宽到 64 个数，重建误差几乎可以到 0。这样的自编码器更适合生成吗？
# %% [markdown] lang="en" tags=["question"] see="Autoencoder"
# With a bottleneck of 64 numbers the error of reconstruction can be almost 0. Is such an autoencoder better for generating?
# %% [markdown] lang="zh" tags=["answer"]
# 更糟。它不必概括，照抄就行；64 维里真数字只占极小的一角，随便取一个编码，几乎必定落在洞里。
# 重建得好和样本好是两回事；后一件，正是这一课余下的部分要解决的。
# %% [markdown] lang="en" tags=["answer"]
# It is worse. It needn't summarise anything, copying will do; and in 64 dimensions real digits fill such a tiny corner that a code taken at random almost surely lies in a hole.
# Better reconstruction and better samples are two different things, and the second is what the rest of this lesson is about.
# %% [markdown] lang="zh"
# ## 4 · 一团云，不是一个点
# ### 不靠窄，靠代价
#
# 编码若有 64 个数，网络照抄就行，关于数字什么也没学到。
# 窄的瓶颈挡住照抄；宽的编码要有用，就得让照抄*不划算*。常见的两条路：
# - 随机涂掉输入的几个像素，要网络还原整张图。照抄会把涂掉的地方也抄下来；要补上它，得知道数字长什么样。这叫去噪自编码器（denoising autoencoder）。
# - 编码要付钱：说得越多、越准，付得越多，于是只说值得说的。
#
# 下面走第二条路，分两步：先在编码里加噪声，说得太准也没用；再给编码定价（第 5 节）。
# %% [markdown] lang="en"
# ## 4 · A cloud and not a point
# ### Not by being narrow, but by being charged
#
# With a code of 64 numbers the network may simply copy, and learn nothing about digits.
# A narrow bottleneck stops copying; for a wide code to be useful, copying must *not pay*. Two roads are common:
# - Wipe out a few pixels of the input at random, and ask for the whole picture. A copy keeps the damage; to fill the gaps one must know what digits look like. This is a **denoising autoencoder**.
# - Charge for the code: the more it says, and the more exactly, the more it costs, and so it says only what is worth it.
#
# We take the second road, in two steps: first noise is added to the code, so that being too exact is no use; then codes get a price (section 5).
# %% [markdown] lang="zh"
# ### 让每张图占一块地
#
# 怎样填洞？让编码器不给一个点，而给一团云：每个潜变量一个均值 $\mu$ 和一个标准差 $\sigma$，每次训练都从这个正态里抽一个 $z$ 来解码。
# 解码器就必须让云里*处处*都画得像这张图；云与云挨着、叠着，空地就少了。
# 编码器给的是 $\log \sigma$：它可正可负，线性层的输出直接能用，而 $\sigma = e^{\log \sigma}$ 总是正的。
# 若直接给 $\sigma$，它可能是负数，下面要用的 $\log \sigma$ 就成了 NaN。
#
# 可是“抽”这一步怎么求梯度？
# %% [markdown] lang="en"
# ### Let each picture own a piece of land
#
# How can holes be filled? Let the encoder give a cloud instead of a point: for each latent variable a mean $\mu$ and a standard deviation $\sigma$; each time in training a $z$ is drawn from that normal, and decoded.
# Then the decoder must draw the picture well *everywhere* in the cloud; clouds touch and overlap, and little land is left empty.
# The encoder gives $\log \sigma$. It may have either sign, as the output of a linear layer has, and $\sigma = e^{\log \sigma}$ is always positive.
# If the encoder gave $\sigma$ itself, that might be negative, and $\log \sigma$, which we need below, would be NaN.
#
# But how do gradients get through a draw?
# %% [markdown] lang="zh" tags=["question"] see="sample_latent_vector"
# 先预测，再运行下一格：`torch.normal(mu, sigma)` 就是从这个正态里抽一个数。对结果调用 `backward()`，`mu.grad` 会是 1、是 0，还是报错？
# %% [markdown] lang="en" tags=["question"] see="sample_latent_vector"
# Predict, then run the next cell: `torch.normal(mu, sigma)` draws a number from that normal. After `backward()` on the result, is `mu.grad` 1, is it 0, or is there an error?
# %% [markdown] lang="zh" tags=["answer"]
# 是 0，而且不报错：最坏的一种，训练照样跑，编码器却从重建误差里什么也学不到。
# 对 torch 来说，抽出来的数从天而降，与 `mu` 没有可以求导的关系。
# %% [markdown] lang="en" tags=["answer"]
# It is 0, without any error, which is the worst of the three: training runs, and the encoder learns nothing from the error of reconstruction.
# For torch the number fell from the sky: no operation with a slope leads to it from `mu`.
# %%
if __name__ == "__main__":
    mu, logsigma = torch.tensor(3.0, requires_grad=True), torch.tensor(2.0).log().requires_grad_()
    torch.normal(mu, logsigma.exp()).backward()
    print("drawn by torch.normal: mu.grad is", mu.grad)


# %% [markdown] lang="zh" numbers="4.1 4.105 1.0 0.12"
# ### 重参数化：运气放到一边
#
# torch 不知道 `torch.normal` 抽出的数怎样随 $\mu$ 和 $\sigma$ 变，就把梯度定为 0，而且不报错；重建误差的梯度到不了编码器。
#
# 办法是把一次抽签拆成两步：先抽一个与参数无关的标准正态 $\epsilon$，再算 $z = \mu + \sigma \epsilon$。
# 结果的分布一样，可现在 $z$ 是 $\mu$ 和 $\sigma$ 的普通函数，$\epsilon$ 只是一个给定的数。这叫重参数化（reparameterisation）。
#
# 手算：$\mu = 3$，$\sigma = 2$，抽到 $\epsilon = 0.5$，得 $z$ = 4。
# 运气不变，$\mu$ 挪 0.1：$z$ = 4.1，斜率是 1.0。
# $\log \sigma$ 挪 0.1：$\sigma = 2 e^{0.1} \approx 2.21$，$z \approx$ 4.105；步子越小，斜率越接近 $\sigma \epsilon$ = 1.0。
# 所以 $z$ 对 $\mu$ 的斜率总是 1，对 $\log \sigma$ 的斜率是 $\sigma \epsilon$：$\epsilon$ 是正的，云变宽就把 $z$ 往上推；是负的，就往下推。
# 对 $\sigma$ 自己，斜率是 $\epsilon$；许多程序的编码器给的是 $\log \sigma^2 = 2 \log \sigma$，道理相同，斜率则减半，是 $\sigma \epsilon / 2$。
# 损失对 $z$ 的斜率，再乘上这些，就是损失对它们的斜率（链式法则）。
# 每张图每一步只抽一个 $\epsilon$，够吗？够：梯度平均起来是对的，它的噪声在一批的许多图、许多步里大体互相抵消。
# 不过每张图、每个潜变量都要各抽各的。噪声各自独立才会抵消：64 个 $\epsilon$ 的平均，标准差只有 1/8 ≈ 0.12；同一个数抄 64 份，还是 1.0，取一批图也平均不掉。
# 潜变量若共用一个，$z$ 只能沿一条直线来回，解码器从没练过云里别的地方。
# 若只是要一张好的重建，就不靠运气，直接解码 $\mu$：每次都是同一张，误差也小（第 6 节训练的 VAE，在留出集上约 1.5，抽一个 $z$ 来解码约 2.0）。
# %% [markdown] lang="en" numbers="4.1 4.105 1.0 0.12"
# ### Reparameterisation: luck set aside
#
# Torch doesn't know how a number from `torch.normal` varies with $\mu$ and $\sigma$, and so sets the gradients to 0, without an error; the gradient of the reconstruction never reaches the encoder.
#
# The way out is to split the draw into two steps: first draw $\epsilon$ from a standard normal, which depends on no parameter, then compute $z = \mu + \sigma \epsilon$.
# The distribution is the same, but now $z$ is an ordinary function of $\mu$ and $\sigma$, and $\epsilon$ is just a given number. This is the **reparameterisation**.
#
# By hand: $\mu = 3$, $\sigma = 2$, and $\epsilon = 0.5$ was drawn, so $z$ = 4.
# With the same luck, $\mu$ moved by 0.1: $z$ = 4.1, a slope of 1.0.
# $\log \sigma$ moved by 0.1: $\sigma = 2 e^{0.1} \approx 2.21$ and $z \approx$ 4.105; the smaller the step, the closer the slope is to $\sigma \epsilon$ = 1.0.
# So the slope of $z$ with respect to $\mu$ is always 1, and with respect to $\log \sigma$ it is $\sigma \epsilon$: a wider cloud moves $z$ up if $\epsilon$ is positive, and down if negative.
# With respect to $\sigma$ itself the slope is $\epsilon$; in many programs the encoder gives $\log \sigma^2 = 2 \log \sigma$, for the same reasons, and then the slope is half as large, $\sigma \epsilon / 2$.
# The slope of the loss with respect to $z$, times one of these, is the slope of the loss with respect to that one (chain rule).
# Is one $\epsilon$ for each picture and step enough? Yes: the gradient is right on average, and its noise averages out over a batch and many steps.
# But each picture and each latent variable needs one of its own. Noise averages out only if it is independent: the mean of 64 $\epsilon$ has standard deviation 1/8 ≈ 0.12; of one number copied 64 times it is still 1.0, and a batch doesn't average it out.
# If the latent variables shared one, $z$ could only move on a line, and the decoder would practise nowhere else in the cloud.
# If all you want is a good reconstruction, leave luck out and decode $\mu$: it is the same each time, with a smaller error (for the VAE trained in section 6, about 1.5 on held-out pictures; from a drawn $z$ about 2.0).
# %%
if __name__ == "__main__":
    epsilon = torch.tensor(0.5)
    for name, nudge, stretch in (("as it is", 0.0, 0.0), ("mu + 0.1", 0.1, 0.0), ("log sigma + 0.1", 0.0, 0.1)):
        print(f"{name}: z = {(mu + nudge + torch.add(logsigma, stretch).exp() * epsilon).item():.4g}")
    slopes = torch.autograd.grad(mu + logsigma.exp() * epsilon, (mu, logsigma))
    print("slopes:", [round(slope.item(), 4) for slope in slopes])
    torch.manual_seed(0)
    own, shared = torch.randn(10_000, 64), torch.randn(10_000, 1).expand(-1, 64)
    for name, luck in (("64 of its own", own), ("one copied 64 times", shared)):
        print(f"{name}: the mean has standard deviation {luck.mean(dim=1).std():.2f}")


# %% [markdown] lang="zh"
# ### 练习 · 抽一个潜变量 · 15 分钟
#
# 返回 $\mu + e^{\log \sigma} \epsilon$，形状、类型、设备都与 `mu` 相同；`mu` 和 `logsigma` 形状相同，轴数不限。
# $\epsilon$ 是标准正态，*每个元素各抽一个*，每次调用都重新抽（在 `no_grad` 之下也一样），类型与设备同 `mu`，取自 torch 的全局发生器。
# 梯度要到达 `mu`（斜率 1）和 `logsigma`（斜率 $\sigma \epsilon$）。
# 例如 `mu` 是 `[3, 0]`、`logsigma` 是 `[0, -100]`：第一个数在 3 附近，第二个几乎就是 0。
# %% [markdown] lang="en"
# ### Exercise · draw a latent vector · 15 min
#
# Return $\mu + e^{\log \sigma} \epsilon$, with the shape, dtype and device of `mu`; `mu` and `logsigma` have one shape, of any number of axes.
# $\epsilon$ is standard normal, *one for each entry*, drawn afresh at each call (also under `no_grad`), with the dtype and device of `mu`, by torch's global generator.
# Gradients reach `mu` (slope 1) and `logsigma` (slope $\sigma \epsilon$).
# With `mu` as `[3, 0]` and `logsigma` as `[0, -100]`, for example, the first number is somewhere around 3, and the second all but 0.
# %% exercise="sample_latent_vector" difficulty=2 importance=5 minutes=15
def sample_latent_vector(mu: Float[Tensor, "*shape"], logsigma: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """A draw from the normal of this mean and log standard deviation, through which gradients pass to both."""
    # solution
    return mu + logsigma.exp() * torch.randn_like(mu)


if __name__ == "__main__":
    if tests.test_sample_latent_vector(sample_latent_vector):
        torch.manual_seed(0)
        z = sample_latent_vector(torch.full((10_000,), 3.0), torch.full((10_000,), 2.0).log())
        print(f"10,000 draws: mean {z.mean():.1f}, standard deviation {z.std():.1f}")


# %% [markdown] lang="zh" tags=["hint"]
# 哪一部分是运气，哪一部分是参数？运气里能出现 `mu` 吗？
# %% [markdown] lang="en" tags=["hint"]
# Which part is luck, and which are parameters? May `mu` occur in the luck?
# %% [markdown] lang="zh" tags=["hint"]
# 名字以 `_like` 结尾的函数照着另一个张量取形状、类型和设备。
# %% [markdown] lang="en" tags=["hint"]
# Functions whose names end in `_like` take shape, dtype and device from another tensor.
# %% [markdown] lang="zh" tags=["question"] see="sample_latent_vector"
# 一个人说：“采样现在可微（求得出导数）了。”另一个人说：“没有，只是把不可微的部分挪走了。”谁说得更准？若噪声在造模型时抽好、以后一直用它，会怎样？
# %% [markdown] lang="en" tags=["question"] see="sample_latent_vector"
# One says: "Now sampling has a derivative." Another: "No, what has none was only moved aside." Who is more precise? And what if the noise were drawn once, when the model is made, and used ever after?
# %% [markdown] lang="zh" tags=["answer"]
# 后一个：抽 $\epsilon$ 仍然没有导数，只是它不再依赖参数，所以用不着导数。
# 噪声若不变，云就缩成一个固定的点，多出的那点偏移，网络学着抵消就是了：又成了普通的自编码器，洞也回来了。
# %% [markdown] lang="en" tags=["answer"]
# The second: drawing $\epsilon$ still has no derivative; but it no longer depends on a parameter, and so none is needed.
# With noise that never changes the cloud is a fixed point again, whose offset the network learns to undo: an ordinary autoencoder, holes and all.
# %% [markdown] lang="zh"
# ## 5 · 给编码定价
# ### 云会逃走，也会缩成点
#
# 光有云还不够：只看重建，编码器会把 $\sigma$ 缩到几乎 0，或者把各团云推得老远，谁也不碰谁。两种办法都把洞找回来了。
# 所以要收费：云离标准正态 $\mathcal N(0, 1)$ 越远，收得越多。价钱用第 0 天的 KL：你信的是 $p = \mathcal N(0, 1)$，编码却按 $q = \mathcal N(\mu, \sigma^2)$ 来，平均多付多少惊讶。
# $p$ 叫先验（prior），是看图*之前*对编码的猜想；$q$ 是看图之后的，叫近似后验（approximate posterior）；它近似的是什么，第 6 节会讲。
# $\mathcal N(\mu, \sigma^2)$ 里第二个数是*方差*。
# 生成时就从先验里取编码：收费正是为了让那里到处有人住。
# %% [markdown] lang="en"
# ## 5 · A price for codes
# ### Clouds run away, or shrink to points
#
# Clouds alone aren't enough: for reconstruction only, the encoder shrinks $\sigma$ to almost 0, or drives the clouds so far apart that none touches another. Either way the holes are back.
# So there is a charge: the further a cloud is from the standard normal $\mathcal N(0, 1)$, the higher it is. The price is the KL of day 0: you believe in $p = \mathcal N(0, 1)$, codes come from $q = \mathcal N(\mu, \sigma^2)$, and this is the extra surprise you pay on average.
# $p$ is called the **prior**, what we believe about a code *before* seeing the picture; $q$ comes after seeing it, and is called the **approximate posterior**; section 6 tells what it approximates.
# In $\mathcal N(\mu, \sigma^2)$ the second number is the *variance*.
# To generate, codes are taken from the prior: the charge is there so that codes live all over it.
# %% [markdown] lang="zh"
# ### 两股力合起来
#
# 只看重建，云缩成点，彼此躲开；只看价钱，每团云都是 $\mathcal N(0, 1)$，编码什么也不说。合在一起会怎样？
#
# 价钱把云都往原点推，云就要重叠；重叠处的一个 $z$ 要替几张图交差。看一个像素，两张图各占一半：
# - 一张是 0，另一张是 1：平方误差下最好的答案是平均 0.5，两张各差 $0.5^2 = 0.25$。画出来是灰的，哪张真图也没有这个灰：VAE 的图发糊，就从这里来。
# - 一张是 0.4，另一张是 0.6：答案仍是 0.5，各差 $0.1^2 = 0.01$。
#
# 这里，与长得像的图重叠，代价只有二十五分之一。所以训练会让像的图做邻居，$z$ 挪一点，图也只变一点：潜空间就平滑了。
# %% [markdown] lang="en"
# ### The two forces together
#
# For reconstruction alone, clouds shrink to points and keep apart; for the price alone, each cloud is $\mathcal N(0, 1)$ and the code says nothing. And together?
#
# The price pushes all clouds towards the origin, so they must overlap, and where they do, one $z$ must serve several pictures. Take one pixel, and two pictures that share the place half and half:
# - It is 0 in one and 1 in the other: under squared error the best answer is the mean, 0.5, and both are off by $0.5^2 = 0.25$. What is drawn is a grey that no real picture has: that is why a VAE's pictures are blurred.
# - It is 0.4 in one and 0.6 in the other: the answer is 0.5 again, and both are off by $0.1^2 = 0.01$.
#
# Here it costs only a twenty-fifth to overlap with a picture that looks alike. So training makes neighbours of similar pictures, and a small step of $z$ changes the picture only a little: the latent space becomes smooth.
# %%
if __name__ == "__main__":
    shades = torch.linspace(0, 1, 101)
    for one, other in ((0.0, 1.0), (0.4, 0.6)):
        errors = ((shades - one).square() + (shades - other).square()) / 2
        print(f"{one} in one, {other} in the other: draw {shades[errors.argmin()]:.2f}, off by {errors.min():.2f}")


# %% [markdown] lang="zh" numbers="0.000 0.500 0.318 2.318 0.807"
# ### 两个正态之间的 KL
#
# 惊讶之差是 $\log q(z) - \log p(z)$。这里 $q(z)$ 是密度（density）：抽出来的数在 $z$ 附近有多密。正态 $\mathcal N(\mu, \sigma^2)$ 的密度是
#
# $$\frac{1}{\sigma \sqrt{2\pi}}\, e^{-(z - \mu)^2 / 2\sigma^2}$$
#
# 离 $\mu$ 越远越稀；云越宽，摊得越薄，所以前面要除以 $\sigma$。$z = \mu + \sigma \epsilon$ 时，$(z - \mu)/\sigma$ 就是 $\epsilon$，取对数得：
# - $\log q(z) = -\frac{\epsilon^2}{2} - \log \sigma - \log \sqrt{2\pi}$；
# - $\log p(z) = -\frac{z^2}{2} - \log \sqrt{2\pi}$，因为先验的 $\mu = 0$、$\sigma = 1$。
#
# 相减，$\log \sqrt{2\pi}$ 抵消，剩下 $\frac{z^2}{2} - \frac{\epsilon^2}{2} - \log \sigma$。
# 求平均：$z^2$ 的平均是 $\mu^2 + \sigma^2$（方差加均值的平方），$\epsilon^2$ 的平均是 1，于是
#
# $$\mathrm{KL} = \frac{\mu^2 + \sigma^2 - 1}{2} - \log \sigma$$
#
# 也就是说：偏离中心要付钱，云太宽要付钱，云太窄也要付钱：$\sigma$ 缩向 0 时，$-\log \sigma$ 没有上限，所以云缩不成点。每个潜变量各付各的，加起来就是一张图的价钱，单位是奈特（nat，以 $e$ 为底的惊讶）。
# 斜率说的也是这个：价钱对 $\mu$ 的斜率是 $\mu$，对 $\log \sigma$ 的斜率是 $\sigma^2 - 1$（$\sigma = 1/2$ 时是 $-0.75$，梯度下降就把云拉宽）：两者都把云带向 $\mathcal N(0, 1)$。
# 训练之初，$\log \sigma$ 也可能很大。若是 50，$\sigma = e^{50} \approx 5 \cdot 10^{21}$，$z$ 成了巨大的噪声；$\sigma^2 = e^{100}$ 又超出 float32（最大约 $3 \cdot 10^{38}$），价钱是无穷大，权重很快就成了 NaN。
# 补救：学习率小一些；编码器最后一层的权重从接近 0 开始；或者在模型里给它封顶：`logsigma.clamp(max=10)`。
# 为什么是相加？在 $q$ 里，在 $p$ 里，各潜变量都独立：密度相乘，对数就相加。例如下表的第二、三行若是一张图的两个潜变量，它就付 0.5 + 0.318 = 0.818。
# 这个公式只管 $p = \mathcal N(0, 1)$，而 KL 不对称：表的第三行换过来，$\mathrm{KL}(p \parallel q)$ 是 0.807，不是 0.318（长度改用 $q$ 的 $\sigma$，即 $1/2$，作单位，$q$ 就成了 $\mathcal N(0, 1)$，$p$ 成了 $\mathcal N(0, 2^2)$，再代公式）。信得太窄，代价更大。
#
# | $\mu$ | $\sigma$ | 价钱 |
# |---|---|---|
# | 0 | 1 | 0.000，与先验一样，什么也没说 |
# | 1 | 1 | 1/2 = 0.500 |
# | 0 | 1/2 | (1/4 − 1)/2 + 0.693 = 0.318 |
# | 2 | 1/2 | 4/2 + 0.318 = 2.318 |
# %% [markdown] lang="en" numbers="0.000 0.500 0.318 2.318 0.807"
# ### The KL between two normals
#
# The difference in surprise is $\log q(z) - \log p(z)$. Here $q(z)$ is a **density**: how thickly draws lie around $z$. That of the normal $\mathcal N(\mu, \sigma^2)$ is
#
# $$\frac{1}{\sigma \sqrt{2\pi}}\, e^{-(z - \mu)^2 / 2\sigma^2}$$
#
# The further from $\mu$, the thinner; and a wider cloud is spread more thinly, hence the division by $\sigma$. For $z = \mu + \sigma \epsilon$ the fraction $(z - \mu)/\sigma$ is just $\epsilon$, and the logarithms are:
# - $\log q(z) = -\frac{\epsilon^2}{2} - \log \sigma - \log \sqrt{2\pi}$;
# - $\log p(z) = -\frac{z^2}{2} - \log \sqrt{2\pi}$, as $\mu = 0$ and $\sigma = 1$ in the prior.
#
# Subtract: $\log \sqrt{2\pi}$ cancels, and $\frac{z^2}{2} - \frac{\epsilon^2}{2} - \log \sigma$ is left.
# Average: the mean of $z^2$ is $\mu^2 + \sigma^2$ (the variance plus the mean squared), that of $\epsilon^2$ is 1, and so
#
# $$\mathrm{KL} = \frac{\mu^2 + \sigma^2 - 1}{2} - \log \sigma$$
#
# In words: you pay for being off centre, for a cloud too wide, and for one too narrow: as $\sigma$ shrinks to 0, $-\log \sigma$ grows without limit, and so no cloud becomes a point. Each latent variable pays for itself, and their sum is the price of a picture, in nats (surprise to the base $e$).
# The slopes say the same: with respect to $\mu$ the slope of the price is $\mu$, with respect to $\log \sigma$ it is $\sigma^2 - 1$ ($-0.75$ at $\sigma = 1/2$, so gradient descent widens the cloud): both bring it towards $\mathcal N(0, 1)$.
# Early in training $\log \sigma$ may be large. At 50, $\sigma = e^{50} \approx 5 \cdot 10^{21}$ and $z$ is enormous noise; $\sigma^2 = e^{100}$ is beyond float32 (at most about $3 \cdot 10^{38}$), the price is infinite, and soon the weights are NaN.
# What helps: a smaller learning rate; an encoder whose last layer begins near 0; or an upper limit in the model, `logsigma.clamp(max=10)`.
# Why a sum? The latent variables are independent, in $q$ as in $p$: densities multiply, so logarithms add. If rows two and three of the table are the two latent variables of one picture, it pays 0.5 + 0.318 = 0.818.
# The formula holds for $p = \mathcal N(0, 1)$ only, and KL isn't symmetric: with the two exchanged in the third row, $\mathrm{KL}(p \parallel q)$ is 0.807 and not 0.318 (take the $\sigma$ of $q$, $1/2$, as the unit: then $q$ is $\mathcal N(0, 1)$, $p$ is $\mathcal N(0, 2^2)$, and the formula holds). Too narrow a belief costs more.
#
# | $\mu$ | $\sigma$ | price |
# |---|---|---|
# | 0 | 1 | 0.000: like the prior, nothing was said |
# | 1 | 1 | 1/2 = 0.500 |
# | 0 | 1/2 | (1/4 − 1)/2 + 0.693 = 0.318 |
# | 2 | 1/2 | 4/2 + 0.318 = 2.318 |
# %%
if __name__ == "__main__":
    for mean, std in ((0.0, 1.0), (1.0, 1.0), (0.0, 0.5), (2.0, 0.5)):
        q, p = torch.distributions.Normal(mean, std), torch.distributions.Normal(0.0, 1.0)
        kl = torch.distributions.kl_divergence  # torch's own
        print(f"mean {mean:.0f}, std {std}: {kl(q, p):.3f}, exchanged {kl(p, q):.3f}")
    for logsigma in (torch.tensor(50.0), torch.tensor(50.0).clamp(max=10)):
        price = (logsigma.exp() ** 2 - 1) / 2 - logsigma  # for a mean of 0
        print(f"log sigma {logsigma:.0f}: std {logsigma.exp():.0e}, price {price:.0e}")
    figures.prices().show()


# %% [markdown] lang="zh"
# ### 练习 · 到标准正态的 KL · 10 分钟
#
# 对每张图、每个潜变量，返回上面的价钱：形状与 `mu` 相同，先不相加。收到的是 $\log \sigma$。
# 例如 `mu` 是 `[[0, 1, 2]]`、`logsigma` 是 `[[0, 0, -0.693]]`，返回 `[[0, 0.5, 2.318]]`。
# $\log \sigma$ 低到 −60 也要对：那时 float32 的 $\sigma^2$ 已经是 0。
# 梯度要到达两者；公式自己写，不调用 `torch.distributions`。
# %% [markdown] lang="en"
# ### Exercise · KL to the standard normal · 10 min
#
# For each picture and each latent variable return the price above: the shape is that of `mu`, nothing is summed yet. What comes in is $\log \sigma$.
# With `mu` as `[[0, 1, 2]]` and `logsigma` as `[[0, 0, -0.693]]`, for example, return `[[0, 0.5, 2.318]]`.
# It is right down to a $\log \sigma$ of −60, where $\sigma^2$ is 0 in float32.
# Gradients reach both; write the formula yourself, without `torch.distributions`.
# %% exercise="kl_to_standard_normal" difficulty=1 importance=5 minutes=10
def kl_to_standard_normal(
    mu: Float[Tensor, "batch latent"], logsigma: Float[Tensor, "batch latent"]
) -> Float[Tensor, "batch latent"]:
    """The KL divergence of each normal, of mean mu and standard deviation exp(logsigma), to the standard normal."""
    # solution
    return (mu.square() + (2 * logsigma).exp() - 1) / 2 - logsigma


if __name__ == "__main__":
    if tests.test_kl_to_standard_normal(kl_to_standard_normal):
        print(kl_to_standard_normal(torch.tensor([[0.0, 1, 2]]), torch.tensor([[1.0, 1, 0.5]]).log()))


# %% [markdown] lang="zh" tags=["hint"]
# $\sigma^2 = e^{2 \log \sigma}$；$\sigma$ 和 $\sigma^2$ 各出现在哪里？
# %% [markdown] lang="en" tags=["hint"]
# $\sigma^2 = e^{2 \log \sigma}$; where does $\sigma$ occur, and where $\sigma^2$?
# %% [markdown] lang="zh"
# ### 练习 · 用抽样验证 · 15 分钟
#
# 公式对不对，可以不靠推导来检查：抽 `n` 个 $z$，求 $\log q(z) - \log p(z)$ 的平均。这样用抽样来估计期望，叫蒙特卡洛（Monte Carlo）方法。
# 返回每个元素的平均，形状同 `mu`。例如 $\mu = 1$、$\sigma = 1$ 时，`n` 越大，结果越接近 0.5，误差随 $1/\sqrt n$ 缩小。
# 每个元素的 `n` 个 $z$ 都要各自抽，每次调用重新抽。可以用 `sample_latent_vector`，也可以用 `torch.distributions.Normal`：`Normal(mu, sigma).log_prob(z)` 逐个元素给出 $\log q(z)$；上面推导到一半的 $\frac{z^2}{2} - \frac{\epsilon^2}{2} - \log \sigma$ 也可以用，但不许用求完平均的 KL 公式。
# 评判时 $\sigma$ 在 0.1 与 10 之间。不需要梯度；`n` 份一次抽完也行，内存不评判。
# 很多密度之间的 KL 写不出公式，那时常用这个办法。
# %% [markdown] lang="en"
# ### Exercise · checked by sampling · 15 min
#
# Whether the formula is right can be checked without deriving it: draw `n` values of $z$, and average $\log q(z) - \log p(z)$. Estimating an expectation by drawing is called the **Monte Carlo** method.
# Return the average for each entry, in the shape of `mu`. With $\mu = 1$ and $\sigma = 1$, for example, the result comes closer to 0.5 as `n` grows, with an error that shrinks like $1/\sqrt n$.
# The `n` values of $z$ are drawn for each entry on its own, and afresh at each call. Use `sample_latent_vector`, or `torch.distributions.Normal`, whose `Normal(mu, sigma).log_prob(z)` gives $\log q(z)$ entry by entry; the derivation's half-way $\frac{z^2}{2} - \frac{\epsilon^2}{2} - \log \sigma$ may be used too, but not the formula for the KL, which is already averaged.
# You are judged on $\sigma$ between 0.1 and 10. No gradients are needed; all `n` may be drawn at once, memory isn't judged.
# For many pairs of densities there is no formula for the KL, and then this is the usual way.
# %% exercise="kl_by_sampling" difficulty=3 importance=3 minutes=15
def kl_by_sampling(
    mu: Float[Tensor, "batch latent"], logsigma: Float[Tensor, "batch latent"], n: int
) -> Float[Tensor, "batch latent"]:
    """`kl_to_standard_normal(mu, logsigma)`, estimated from `n` draws for each entry."""
    # solution
    z = sample_latent_vector(mu.expand(n, *mu.shape), logsigma.expand(n, *mu.shape))
    epsilon = (z - mu) / logsigma.exp()
    return (z.square() / 2 - epsilon.square() / 2 - logsigma).mean(dim=0)


if __name__ == "__main__":
    right = tests.test_sample_latent_vector(sample_latent_vector)
    if right and tests.test_kl_by_sampling(kl_by_sampling):
        for n in (10, 1000, 100_000):
            torch.manual_seed(0)
            print(f"{n} draws: {kl_by_sampling(torch.tensor([[1.0]]), torch.tensor([[0.0]]), n).item():.3f}")


# %% [markdown] lang="zh" tags=["hint"]
# 从哪个分布抽：$q$ 还是 $p$？弄反了，得到的是另一个方向的 KL。
# %% [markdown] lang="en" tags=["hint"]
# From which of the two do you draw, $q$ or $p$? The other one gives the KL the other way.
# %% [markdown] lang="zh" tags=["hint"]
# `mu.expand(n, *mu.shape)` 在前面加一个长度为 `n` 的轴；上面已经化简出 $\log q - \log p$，最后沿第一个轴求平均。
# %% [markdown] lang="en" tags=["hint"]
# `mu.expand(n, *mu.shape)` puts an axis of length `n` in front; $\log q - \log p$ is worked out above; at the end average over the first axis.
# %% [markdown] lang="zh"
# ### 练习 · 变分自编码器 · 20 分钟
#
# 与 `Autoencoder` 相同的层，只有一处不同：编码器的最后一层给出 `2 * latent_dim_size` 个数，*前一半*是 $\mu$，*后一半*是 $\log \sigma$。
# - 同样的名字 `encoder`、`decoder`，同样的登记顺序。
# - `encode(images)` 返回 `mu, logsigma`，各是 `batch latent`，不抽样。
# - `forward(images)` 返回重建的图（每张图各抽一次再解码）、`mu`、`logsigma`；不论哪种模式都抽样。
# - 例如 `VAE(2, 128)` 收到 `5 1 8 8`，给出 `5 1 8 8`、`5 2`、`5 2`。
# %% [markdown] lang="en"
# ### Exercise · the variational autoencoder · 20 min
#
# The layers of `Autoencoder` with one difference: the encoder's last layer gives `2 * latent_dim_size` numbers, the *first half* is $\mu$, the *second half* $\log \sigma$.
# - The same names `encoder` and `decoder`, registered in the same order.
# - `encode(images)` returns `mu, logsigma`, each `batch latent`, and draws nothing.
# - `forward(images)` returns the reconstructions (each decoded from one draw of its own), `mu`, and `logsigma`; it draws in either mode.
# - `VAE(2, 128)`, for example, turns `5 1 8 8` into `5 1 8 8`, `5 2` and `5 2`.
# %% exercise="VAE" difficulty=3 importance=5 minutes=20
class VAE(nn.Module):
    """An autoencoder whose codes are clouds: a mean and a log standard deviation for each latent variable."""

    def __init__(self, latent_dim_size: int, hidden_dim_size: int, size: int = 8) -> None:
        super().__init__()
        # solution
        self.encoder = nn.Sequential(nn.Flatten(), *mlp(size**2, hidden_dim_size, 2 * latent_dim_size))
        self.decoder = nn.Sequential(*mlp(latent_dim_size, hidden_dim_size, size**2), nn.Unflatten(1, (1, size, size)))

    def encode(
        self, images: Float[Tensor, "batch 1 size size"]
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        """The mean and the log standard deviation of each picture's cloud."""
        # solution
        mu, logsigma = self.encoder(images).chunk(2, dim=1)
        return mu, logsigma

    def forward(
        self, images: Float[Tensor, "batch 1 size size"]
    ) -> tuple[Float[Tensor, "batch 1 size size"], Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        # solution
        mu, logsigma = self.encode(images)
        return self.decoder(sample_latent_vector(mu, logsigma)), mu, logsigma


if __name__ == "__main__":
    if tests.test_VAE(VAE):
        print([tuple(x.shape) for x in VAE(2, 128)(images[:5])])


# %% [markdown] lang="zh" tags=["hint"]
# 解码器收到几个数？编码器给出几个？为什么不一样多？
# %% [markdown] lang="en" tags=["hint"]
# How many numbers does the decoder take, how many does the encoder give, and why not the same?
# %% [markdown] lang="zh" tags=["hint"]
# `chunk(2, dim=1)` 把轴 1 切成两半；`forward` 先 `encode`，再抽，再解码，把三样一起返回。
# %% [markdown] lang="en" tags=["hint"]
# `chunk(2, dim=1)` cuts axis 1 in two halves; `forward` calls `encode`, draws, decodes, and returns all three.
# %% [markdown] lang="zh" numbers="-2.27 -4.73 -3.42"
# ## 6 · ELBO：重建减去价钱
# ### 损失为什么恰好是这两项
#
# 我们真正想要的，是让模型觉得真图*不意外*：让 $\log p(x)$ 大。这里有三样东西：
# - $p(x \mid z)$ 读作“给定 $z$ 时 $x$ 的密度”：编码是 $z$ 时，画出图 $x$ 有多大可能。
# - $p(x)$：模型画出 $x$ 有多大可能，不管用哪个编码；就是 $z$ 从先验里抽时，$p(x \mid z)$ 的平均。
# - $p(z \mid x)$ 叫真正的后验（true posterior）：反过来问，这张图可能是哪些编码画出来的，各有多大可能？
#
# 后两样算不出来：它们都要对所有的 $z$ 求平均，而画得出这张图的 $z$，抽天文数字那么多次才碰得上一个。
# 所以让 $q$ 来代替真正的后验。对*任何* $q$ 都有
#
# $$\log p(x) \ \ge\ \mathbb{E}_{z \sim q}[\log p(x \mid z)] - \mathrm{KL}(q \parallel p)$$
#
# $\mathbb{E}_{z \sim q}$ 读作“$z$ 从 $q$ 里抽时的平均”。右边是“重建得多好”减去“编码的价钱”，叫证据下界（evidence lower bound，简称 ELBO）：$\log p(x)$ 又叫证据（evidence），下界是它不会低于的数。
# 为什么是 $\ge$？因为两边之差是 $\mathrm{KL}(q \parallel p(z \mid x))$，而 KL 从不小于 0：
#
# $$\log p(x) = \mathrm{ELBO} + \mathrm{KL}(q \parallel p(z \mid x))$$
#
# 推导：$x$ 和 $z$ 同时出现的密度有两种写法，$p(x \mid z)\, p(z) = p(z \mid x)\, p(x)$。取对数得 $\log p(x) = \log p(x \mid z) + \log p(z) - \log p(z \mid x)$；加上再减去 $\log q(z)$，分成三组：
#
# $$\log p(x) = \log p(x \mid z) - [\log q(z) - \log p(z)] + [\log q(z) - \log p(z \mid x)]$$
#
# 让 $z$ 从 $q$ 里抽，求平均：第一组成了重建，第二组成了价钱 $\mathrm{KL}(q \parallel p)$，第三组就是两边之差；左边没有 $z$，平均之后还是它自己。
# 所以 $q$ 越接近真正的后验，差越小，下界越*紧*（贴近）；两者相同，差就是 0。把右边往上推，要么真图更可能，要么 $q$ 更准，往往两样都有。
#
# 拿一个数当“图”：$z$ 来自 $\mathcal N(0, 1)$，$x$ 来自 $\mathcal N(z, 1)$，那么 $x$ 来自 $\mathcal N(0, 2)$（独立的量相加，方差也相加：1 + 1）。看到 $x = 2$：$\log p(x)$ = -2.27。
# 这里，真正的后验也算得出：$p(z \mid x)$ 随 $z$ 的变化，与 $p(x \mid z)\, p(z)$ 相同，只差一个因子 $p(x)$，里面没有 $z$。指数相加，$-\frac{(2 - z)^2}{2} - \frac{z^2}{2} = -(z - 1)^2 - 1$：这是均值 1、方差 1/2 的正态。
#
# | $q$ | 重建 | 价钱 | ELBO |
# |---|---|---|---|
# | 均值 1、方差 1/2（真正的后验） | -1.67 | 0.60 | -2.27 |
# | 均值 2、标准差 0.1（只顾重建） | -0.92 | 3.81 | -4.73 |
# | 均值 0、方差 1（不付钱） | -3.42 | 0.00 | -3.42 |
#
# 只有第一个 $q$ 碰到 $\log p(x)$。第二个重建得最好，输在价钱上；第三个一分不付，输在重建上。
# %% [markdown] lang="en" numbers="-2.27 -4.73 -3.42"
# ## 6 · ELBO: reconstruction minus a price
# ### Why the loss has just these two terms
#
# What we really want is that real pictures *don't surprise* the model: a large $\log p(x)$. Three things are in play:
# - $p(x \mid z)$, read "the density of $x$ given $z$": how likely picture $x$ is when its code is $z$.
# - $p(x)$: how likely the model is to draw $x$ at all, by whatever code; it is the mean of $p(x \mid z)$ over $z$ drawn from the prior.
# - $p(z \mid x)$, the **true posterior**: the other way round, which codes could have made this picture, and how likely is each?
#
# The last two can't be computed: both need a mean over all $z$, and only one $z$ in astronomically many gives this picture.
# So $q$ stands in for the true posterior. For *any* $q$
#
# $$\log p(x) \ \ge\ \mathbb{E}_{z \sim q}[\log p(x \mid z)] - \mathrm{KL}(q \parallel p)$$
#
# Read $\mathbb{E}_{z \sim q}$ as "the mean over $z$ drawn from $q$". On the right stands how well the picture is reconstructed, minus the price of the code. It is called the **evidence lower bound** (ELBO): $\log p(x)$ is also called the evidence, and a lower bound is a number that it can't fall below.
# Why $\ge$? Because the gap between the two sides is $\mathrm{KL}(q \parallel p(z \mid x))$, and a KL is never below 0:
#
# $$\log p(x) = \mathrm{ELBO} + \mathrm{KL}(q \parallel p(z \mid x))$$
#
# Here is why. The density of $x$ and $z$ together has two forms, $p(x \mid z)\, p(z) = p(z \mid x)\, p(x)$. By logarithms, $\log p(x) = \log p(x \mid z) + \log p(z) - \log p(z \mid x)$; add and subtract $\log q(z)$, and sort into three groups:
#
# $$\log p(x) = \log p(x \mid z) - [\log q(z) - \log p(z)] + [\log q(z) - \log p(z \mid x)]$$
#
# Take the mean over $z$ drawn from $q$: the first group becomes the reconstruction, the second the price $\mathrm{KL}(q \parallel p)$, and the third is the gap; there is no $z$ on the left, so its mean is itself.
# So the nearer $q$ is to the true posterior, the smaller the gap, or the *tighter* the bound; where they are equal, it is 0. Raising the ELBO makes real pictures likelier, or $q$ better, and usually both.
#
# With one number as the "picture": $z$ comes from $\mathcal N(0, 1)$ and $x$ from $\mathcal N(z, 1)$, so $x$ comes from $\mathcal N(0, 2)$ (of independent things added, variances add: 1 + 1). At $x = 2$, $\log p(x)$ = -2.27.
# Here the true posterior is known too: $p(z \mid x)$ varies with $z$ as $p(x \mid z)\, p(z)$ does, up to the factor $p(x)$, in which there is no $z$. Add the exponents, $-\frac{(2 - z)^2}{2} - \frac{z^2}{2} = -(z - 1)^2 - 1$: a normal of mean 1 and variance 1/2.
#
# | $q$ | reconstruction | price | ELBO |
# |---|---|---|---|
# | mean 1, variance 1/2 (the true posterior) | -1.67 | 0.60 | -2.27 |
# | mean 2, standard deviation 0.1 (cares for reconstruction only) | -0.92 | 3.81 | -4.73 |
# | mean 0, variance 1 (pays nothing) | -3.42 | 0.00 | -3.42 |
#
# Only the first $q$ reaches $\log p(x)$. The second reconstructs best and loses by its price; the third pays nothing and reconstructs badly.
# %%
if __name__ == "__main__":
    x, normal = torch.tensor(2.0), torch.distributions.Normal
    print(f"log p(x) {normal(0.0, 2**0.5).log_prob(x):.2f}")
    for mean, std in ((1.0, 0.5**0.5), (2.0, 0.1), (0.0, 1.0)):
        # the mean of log p(x|z) = -(x - z)²/2 - log √2π over z: (x - z)² is (x - mean)² + std² on average
        reconstruction = normal(mean, 1.0).log_prob(x) - std**2 / 2
        price = torch.distributions.kl_divergence(normal(mean, std), normal(0.0, 1.0))
        print(f"reconstruction {reconstruction:.2f}, price {price:.2f}, ELBO {reconstruction - price:.2f}")


# %% [markdown] lang="zh"
# ### 从密度到平方误差
#
# 图也一样：设每个像素是解码器给的值加上正态的噪声，标准差是固定的 $s$。一个像素差 $d$，它的对数密度就是 $-d^2 / 2 s^2$ 加一个常数。
# 设各像素的噪声互相独立：密度相乘，对数相加，整张图就是 $-\log p(x \mid z) = E / 2 s^2 + c$，$E$ 是平方误差，$c$ 是常数。
# 把 −ELBO 乘 $2 s^2$，记价钱为 $K$，去掉不影响梯度的常数，就得到训练用的损失：
#
# $$E + \beta K, \qquad \beta = 2 s^2$$
#
# 所以 $\beta$（代码里的 `kl_weight`，即每奈特的单价）不是随便加的旋钮：它说的是你允许每个像素差多少。$\beta = 0.2$ 就是 $s \approx 0.32$，像素从 0 到 1；直接相加 $E + K$，$\beta = 1$，就等于说 $s \approx 0.71$，差得很远也算对。
# 所以只有 $\beta$ 相同、重建项也是同一种，总损失才好比：平方误差和二元交叉熵来自不同的密度，省去的常数也不同。不然，就用同样的尺子量两个模型：留出的图的平方误差，以及画出的新图有多好（第 7 节）。
# 这也说明了一个常见的错误：8×8 的图，误差若对像素求*平均*而不是求和，就等于把 $\beta$ 悄悄放大 64 倍：每张图都画得像平均图（第 7 节里 `kl_weight=3` 的那样）。
#
# **读物**：苏剑林《变分自编码器（一）：原来是这么一回事》（中文博客），不从 ELBO 出发，而从“每张图配一个正态”讲起；读时想：他说的噪声与 KL 各对应本课的哪一节？
# Diederik Kingma 与 Max Welling，*Auto-Encoding Variational Bayes*（英文，2013），提出 VAE 的论文，多给了 ELBO 的两种估计量（用抽样估计它的两种算法）；读时想：附录 B 的公式与你写的差在哪里？
# %% [markdown] lang="en"
# ### From densities to squared errors
#
# For pictures it is the same: suppose each pixel is the decoder's value plus normal noise of a fixed standard deviation $s$. A pixel that is off by $d$ has the log density $-d^2 / 2 s^2$ plus a constant.
# Suppose that the noise of each pixel is independent of the others: densities multiply, logarithms add, and for the whole picture $-\log p(x \mid z) = E / 2 s^2 + c$, with the squared error $E$ and a constant $c$.
# Multiply −ELBO by $2 s^2$, call the price $K$, leave out the constant, which changes no gradient, and you have the loss for training:
#
# $$E + \beta K, \qquad \beta = 2 s^2$$
#
# So $\beta$, which is `kl_weight` in the code and says what each nat costs, is no arbitrary knob: it says how far off you allow each pixel to be. $\beta = 0.2$ means $s \approx 0.32$, with pixels from 0 to 1; the plain sum $E + K$, where $\beta = 1$, means $s \approx 0.71$, and forgives pixels that are far off.
# So total losses can be compared only where $\beta$ and the kind of reconstruction term agree: squared error and binary cross-entropy come from different densities, with other constants left out. Otherwise use the same measures for both: the squared error of held-out pictures, and how good new pictures are (section 7).
# It also explains a common mistake: with pictures of 8×8, average the error over pixels instead of summing, and you have secretly multiplied $\beta$ by 64: each picture comes out much like the mean picture (as with `kl_weight=3` in section 7).
#
# **Reading**: Carl Doersch, *Tutorial on Variational Autoencoders* (in English, 2016), gentler than the paper, begins with why most codes contribute nothing to a picture's probability; while you read: which of the figures shows the reparameterisation?
# Diederik Kingma and Max Welling, *Auto-Encoding Variational Bayes* (in English, 2013), is the paper that proposed the VAE, and has two estimators of the ELBO (ways to estimate it by drawing); while you read: how does the formula of its appendix B differ from yours?
# %% [markdown] lang="zh"
# ### 练习 · ELBO 的两项 · 10 分钟
#
# 返回两个没有轴的张量：重建误差（每张图对像素*求和*的平方误差）和价钱（每张图对潜变量*求和*的 KL），各对这一批的图求*平均*。
# 例如两张图的误差是 3 和 5，价钱是 1 和 2，返回 4 和 1.5。
# `squared_error` 和 `kl_to_standard_normal` 可以用；梯度要到达后三个参数；图可以是任何大小。
# %% [markdown] lang="en"
# ### Exercise · the two terms of the ELBO · 10 min
#
# Return two tensors without axes: the error of reconstruction (of each picture the squared error *summed* over pixels) and the price (of each picture the KL *summed* over latent variables), each *averaged* over the batch's pictures.
# If two pictures have the errors 3 and 5 and the prices 1 and 2, for example, return 4 and 1.5.
# `squared_error` and `kl_to_standard_normal` may be used; gradients reach the last three arguments; pictures may have any size.
# %% exercise="elbo_terms" difficulty=2 importance=5 minutes=10
def elbo_terms(
    images: Float[Tensor, "batch 1 h w"],
    reconstructions: Float[Tensor, "batch 1 h w"],
    mu: Float[Tensor, "batch latent"],
    logsigma: Float[Tensor, "batch latent"],
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """The squared error and the price of a picture, both on average over the batch."""
    # solution
    error = squared_error(images, reconstructions).mean()
    price = kl_to_standard_normal(mu, logsigma).sum(dim=1).mean()
    return error, price


if __name__ == "__main__":
    tests.test_elbo_terms(elbo_terms)


# %% [markdown] lang="zh" tags=["hint"]
# 两项各有一次求和、一次求平均：分别沿哪个轴？
# %% [markdown] lang="en" tags=["hint"]
# Each of the two has one sum and one mean: over which axes?
# %% [markdown] lang="zh" tags=["hint"]
# KL 的形状是 `batch latent`：先 `sum(dim=1)`，再 `mean()`。
# %% [markdown] lang="en" tags=["hint"]
# The KL has the shape `batch latent`: first `sum(dim=1)`, then `mean()`.
# %%
@dataclass
class VAEArgs(AutoencoderArgs):
    """As `AutoencoderArgs`, with what a nat of the price costs."""

    make_model: Callable[[], nn.Module] = lambda: VAE(16, 128)
    kl_weight: float = 0.2


# %% [markdown] lang="zh"
# ### 练习 · 训练 VAE · 15 分钟
#
# 与 `train_autoencoder` 的规矩相同（种子、Adam、打乱、`on_epoch`、可重复），不同的是：
# - 模型返回 `reconstructions, mu, logsigma`，每一批只调用它一次。
# - 损失是 `error + args.kl_weight * price`，两项如 `elbo_terms`；`kl_weight` 可以是 0。若错写成减号，损失就没有下限：$\sigma$ 缩向 0、$\mu$ 越推越远，损失一路降向 $-\infty$，从先验里抽 $z$ 画出的图却一无是处。
# - 第二个结果是每一步一对 `(error, price)` 的列表，Python 数，更新之前的，价钱*没有*乘 `kl_weight`。
# %% [markdown] lang="en"
# ### Exercise · train the VAE · 15 min
#
# The rules of `train_autoencoder` hold (seed, Adam, shuffling, `on_epoch`, repeatable), with these differences:
# - The model returns `reconstructions, mu, logsigma`; call it once for each batch.
# - The loss is `error + args.kl_weight * price`, the two terms of `elbo_terms`; `kl_weight` may be 0. With a minus by mistake it has no lower limit: $\sigma$ shrinks to 0, $\mu$ runs off, the loss falls towards $-\infty$, and pictures from a $z$ of the prior are worthless.
# - The second result is a list with a pair `(error, price)` for each step, Python numbers, before the step, the price *not* multiplied by `kl_weight`.
# %% exercise="train_vae" difficulty=2 importance=4 minutes=15
def train_vae(args: VAEArgs) -> tuple[Any, list[tuple[float, float]]]:
    """The trained model and, for each step and before it, the error and the price."""
    # solution
    torch.manual_seed(args.seed)
    model = args.make_model()
    loader = DataLoader(args.train_set, args.batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    history = []
    for _ in progress(range(args.epochs), "epochs"):
        for images, _ in loader:
            error, price = elbo_terms(images, *model(images))
            optimizer.zero_grad()
            (error + args.kl_weight * price).backward()
            optimizer.step()
            history.append((error.item(), price.item()))
        if args.on_epoch:
            args.on_epoch(model)
    return model, history


if __name__ == "__main__":
    vae = None  # until it is trained
    right = tests.test_VAE(VAE) and tests.test_elbo_terms(elbo_terms)
    if right and tests.test_train_vae(train_vae):
        torch.manual_seed(2)
        noise = torch.randn(30, 16)
        watch = figures.Watch(lambda model: model.decoder(noise))
        vae, history = train_vae(VAEArgs(on_epoch=watch))
        watch.replay().show()
        figures.two_forces(history, VAEArgs().kl_weight).show()


# %% [markdown] lang="zh" tags=["hint"]
# 与 `train_autoencoder` 相比，只有哪三行要变？
# %% [markdown] lang="en" tags=["hint"]
# Compared with `train_autoencoder`, which three lines change?
# %% [markdown] lang="zh" tags=["hint"]
# `elbo_terms(images, *model(images))` 把模型的三样东西依次交给后三个参数。
# %% [markdown] lang="en" tags=["hint"]
# `elbo_terms(images, *model(images))` hands the three things that the model returns to the last three arguments.
# %% [markdown] lang="zh" tags=["question"] see="train_vae"
# 看误差和价钱两条曲线：开头一阵摇摆之后，价钱先升后平，误差大体一路降。价钱为什么要升？价钱在升，训练还算在变好吗？
# %% [markdown] lang="en" tags=["question"] see="train_vae"
# Look at the two curves: after a first wobble the price rises and then stays, while the error falls. Why does the price rise at all, and is the training getting better while it does?
# %% [markdown] lang="zh" tags=["answer"]
# 最初几十步里，误差从 20 左右猛降，主要是解码器学会了画平均图；到第 60 步前后，价钱不到 1 奈特，误差约 4.8，编码几乎什么也没说。此后每多付 1 奈特，误差若能降 0.2 以上，就值得；值得的都买下之后，价钱就停了。
# 变好的是两项之和。只盯着其中一项，谁都可以“更好”，却没有用。
# %% [markdown] lang="en" tags=["answer"]
# In the first few dozen steps the error falls from about 20, mostly because the decoder learns to draw the mean picture; around step 60 the price is below 1 nat, the error about 4.8, and the code says almost nothing. From then on, paying one more nat is worth it if it lowers the error by more than 0.2; once all that is worth it has been bought, the price stays.
# What gets better is the sum. Either term alone could be "better", and it would be of no use.
# %% [markdown] lang="zh"
# ## 7 · 样本画得好不好
# ### 像不像，全不全
#
# 训练好之后，编码器可以放到一边：从 $\mathcal N(0, 1)$ 取 $z$，解码，就是一张新图，叫样本（sample）。
# 它们画得好不好，光看几张说不清，要数。让第 2 天的分类器当裁判，判两件事：
# - 覆盖（coverage）：十类各占几成？少了哪一类，就说明模型漏掉了它。
# - 把握（confidence）：分类器给出的最大概率，平均多少？
#
# 分类器也会上当，所以再加上到最近的训练图的距离。
# %% [markdown] lang="en"
# ## 7 · Are the samples any good
# ### Like digits? And all ten?
#
# Once trained, the encoder can be put aside: take $z$ from $\mathcal N(0, 1)$, decode it, and there is a new picture, a **sample**.
# A few samples don't show whether they are good; one must count. Day 2's classifier judges two things:
# - **Coverage**: what share has each of the ten classes? If one is missing, the model has lost it.
# - **Confidence**: the largest of the classifier's probabilities, on average.
#
# A classifier can be fooled, so the distance to the nearest training picture is a third measure.
# %% [markdown] lang="zh"
# ### 练习 · 评判样本 · 10 分钟
#
# 返回每一类所占的比例（形状 `10`，float32，加起来是 1，没有出现的类是 0），和把握：每张图的最大概率，求平均，一个 Python 数。
# 例如四张图被认作 3、3、7、0，比例就在 3 处 0.5，在 7 和 0 处 0.25。
# 第 2 天的 `predict(classifier, pictures)` 返回每张图最可能的类别，和它的那一个概率（形状都是 `n`，就是上面说的最大概率）；它用 `eval` 模式，不求梯度，用后恢复每个子模块的模式，可以直接用。
# 自己写也行，只是之后分类器的模式要和之前一样（评判时各子模块的模式相同，用 `classifier.train(mode)` 恢复就够）。
# %% [markdown] lang="en"
# ### Exercise · judge samples · 10 min
#
# Return the share of each class (shape `10`, float32, with the sum 1, and 0 for a class that doesn't occur), and the confidence: of each picture the largest probability, averaged, as a Python number.
# Four pictures taken for 3, 3, 7 and 0, for example, make shares of 0.5 at 3, and 0.25 at 7 and 0.
# `predict(classifier, pictures)` of day 2 returns the likeliest class of each picture, and that one class's probability (both of shape `n`; the latter is its largest); it works in `eval` mode, without gradients, puts the mode of each submodule back, and may be used.
# You may also write it yourself, if you put the classifier's mode back; `classifier.train(mode)` is enough, its submodules all have one.
# %% exercise="judge_samples" difficulty=2 importance=4 minutes=10
def judge_samples(classifier: nn.Module, pictures: Float[Tensor, "n 1 h w"]) -> tuple[Float[Tensor, " classes"], float]:
    """The share of each of the ten classes among the pictures, and the mean of the classifier's largest probabilities."""
    # solution
    classes, probs = predict(classifier, pictures)
    shares = torch.bincount(classes, minlength=10) / len(pictures)
    return shares, probs.mean().item()


if __name__ == "__main__":
    classifier = None
    if tests.test_judge_samples(judge_samples):
        classifier, _, accuracies = train_with_validation(TrainArgs(make_model=SmallResNet, epochs=8))
        print(f"the judge gets {accuracies[-1]:.0%} of held-out digits right")


# %% [markdown] lang="zh" tags=["hint"]
# 怎样数出每一类有几张？没有出现的类也要占一格。
# %% [markdown] lang="en" tags=["hint"]
# How do you count the pictures of each class? A class that doesn't occur still needs its place.
# %% [markdown] lang="zh" tags=["hint"]
# `torch.bincount` 的 `minlength`；再除以总数。
# %% [markdown] lang="en" tags=["hint"]
# `minlength` of `torch.bincount`; then divide by the total.
# %% [markdown] lang="zh" tags=["question"] see="judge_samples"
# 先预测，再运行下一格。三个对手：真数字、16 个数的自编码器（按它的编码的均值和协方差取）、同样大小的 VAE。
# VAE 的把握和距离，离真数字近还是离自编码器近？它会漏掉哪一类吗？若把抽到的 $z$ 都减半再解码（等于从 $\mathcal N(0, 0.5^2)$ 里抽），图会更好吗？
# %% [markdown] lang="en" tags=["question"] see="judge_samples"
# Predict, then run the next cell. There are three rivals: real digits, the autoencoder of 16 numbers (codes by its own mean and covariance), and the VAE of the same size.
# In confidence and distance, is the VAE closer to the real digits or to the autoencoder? Does it lose a class? And if each $z$ drawn is halved before it is decoded (as if drawn from $\mathcal N(0, 0.5^2)$), are the pictures better?
# %% [markdown] lang="zh" tags=["answer"]
# 距离上 VAE（约 1.6）离真数字（1.1）近得多，自编码器是 2.5 左右；把握居中，约 87%。
# 一类也没有漏：最少的一类也占 5% 以上。
# 自编码器同样十类俱全：它差在画得不像，不在漏掉谁。
# $z$ 减半，约三分之二被认作 8，最少的一类只剩 1% 左右；把握和距离却几乎没变。
# %% [markdown] lang="en" tags=["answer"]
# In distance the VAE (about 1.6) is much closer to real digits (1.1) than the autoencoder, at about 2.5; its confidence is in between, about 87%.
# No class is lost: the rarest has more than 5%.
# The autoencoder has all ten as well; it falls short in how they look, not in which there are.
# With $z$ halved about two thirds are taken for 8s, and the rarest class is down to about 1%; confidence and distance hardly change.
# %%
if __name__ == "__main__":
    if vae is not None and classifier is not None and 16 in autoencoders:
        torch.manual_seed(3)
        with torch.no_grad():
            rivals = {"held out": held_out, "autoencoder": guessed["normal like the codes"]}
            z = torch.randn(1000, 16)
            rivals |= {"VAE": vae.decoder(z), "VAE, z halved": vae.decoder(z / 2)}
        for name, pictures in rivals.items():
            shares, confidence = judge_samples(classifier, pictures)
            distance = distance_to_known(pictures, images)
            print(f"{name}: rarest class {shares.min():.0%}, commonest {shares.max():.0%}, ", end="")
            print(f"confidence {confidence:.0%}, distance {distance:.1f}")
        figures.rows({name: pictures[:12] for name, pictures in rivals.items()}).show()


# %% [markdown] lang="zh" numbers="1.1 1.6 2.5"
# ### 把价钱调高、调低
#
# 到最近的训练图的距离：真数字 1.1，VAE 1.6，自编码器 2.5。VAE 的把握也在另外两者之间，哪一类也没有漏。$z$ 减半，图都来自先验的中心：三分之二被认作 8，花样少了，离真数字却没有更近。
# 这是 `kl_weight=0.2`。运行下一格之前先想：调到 0.01，样本会更清楚吗？调到 3 呢？
# 图下的滑块换一种 `kl_weight`；看中间的重建和右边的样本，是不是总*一好一坏*。
# %% [markdown] lang="en" numbers="1.1 1.6 2.5"
# ### The price turned up and down
#
# The distance to the nearest training picture is 1.1 for real digits, 1.6 for the VAE and 2.5 for the autoencoder; the VAE's confidence, too, lies between the other two, and it has lost no class. With $z$ halved all samples come from the centre of the prior: two thirds are taken for 8s, there is less variety, and they are no closer to real ones.
# That was with `kl_weight=0.2`. Before you run the next cell: at 0.01, are samples clearer? And at 3?
# The slider below the figure changes `kl_weight`; watch the reconstructions (middle) and the samples (right): does one always get *better* as the other gets *worse*?
# %%
if __name__ == "__main__":
    priced = {}
    if vae is not None and classifier is not None:
        for weight in (0.01, 0.2, 1.0, 3.0):
            priced[weight], _ = train_vae(VAEArgs(kl_weight=weight))
            torch.manual_seed(3)
            with torch.no_grad():
                error = squared_error(held_out, priced[weight].decoder(priced[weight].encode(held_out)[0])).mean()
                samples = priced[weight].decoder(torch.randn(1000, 16))
            (shares, confidence), distance = judge_samples(classifier, samples), distance_to_known(samples, images)
            print(f"{weight}: error {error:.1f}; distance {distance:.1f}, ", end="")
            print(f"rarest class {shares.min():.0%}, confidence {confidence:.0%}")
        figures.prices_tried(priced, held_out[:20], noise[:20]).show()


# %% [markdown] lang="zh" tags=["question"] see="judge_samples"
# `kl_weight` 是 3 时，分类器的把握高达 98%，比其他几个模型都高。这是最好的模型吗？哪一个数拆穿了它？
# %% [markdown] lang="en" tags=["question"] see="judge_samples"
# With a `kl_weight` of 3 the classifier's confidence is 98%, higher than for the other models. Is this the best model? Which number gives it away?
# %% [markdown] lang="zh" tags=["answer"]
# 最不能用：它几乎总画同一张图，训练集的平均，分类器恰好对这张图很有把握。
# 最少的一类占 0%，误差 4.7，等于什么都不记。所以一个数不够：把握看像不像，覆盖看全不全。
# %% [markdown] lang="en" tags=["answer"]
# It is the least useful: it draws nearly the same picture every time, the mean of the training set, and the classifier happens to be very sure about that.
# The rarest class has 0%, and the error is 4.7, that of keeping nothing. So one number isn't enough: confidence asks how they look, coverage whether all are there.
# %% [markdown] lang="zh" numbers="1.0 3.5 1.2 1.6"
# ### 重建好，样本差：毛病在哪里
#
# `kl_weight` 是 0.01 时，重建是几个里最好的，样本却最差。把所有真图的云叠在一起，就是编码真正住的地方，叫聚合后验（aggregate posterior）；生成时却从先验里取。两者对不上，样本就掉进洞里。
# 要查很容易：每张真图从它的云里抽一个 $z$，解码，量距离，再与先验里抽的比：
# - 0.01：从云里抽是 1.0，从先验里抽是 3.5。解码器没有毛病，是编码住的地方不对。
# - 0.2：1.2 对 1.6，差不多对上了。
#
# 也可以直接看这些 $z$：各潜变量的方差应接近 1，均值接近 0（不过各个都对，合起来仍可能有洞）。
#
# 所以 ELBO 高不等于样本好看：它只在真图上算，多半是像素的误差，从不看先验里抽出来的样本。
# 反过来，样本好看，也不说明 ELBO 高。
# 距离也要防另一头：若*几乎是 0*，比留出的真数字的 1.1 小得多，样本就是背下来的训练图。
# %% [markdown] lang="en" numbers="1.0 3.5 1.2 1.6"
# ### Good reconstructions, poor samples: what is wrong
#
# With a `kl_weight` of 0.01 reconstruction is the best of all, and samples are the worst by distance. Lay the clouds of all real pictures on top of each other: that is where codes really live, the **aggregate posterior**; but samples are drawn from the prior. Where the two differ, samples fall into holes.
# It is easy to check: draw a $z$ from each real picture's cloud, decode it, measure the distance, and compare with draws from the prior.
# - At 0.01 it is 1.0 from the clouds and 3.5 from the prior. Nothing is wrong with the decoder; the codes live elsewhere.
# - At 0.2 it is 1.2 against 1.6, and the two nearly agree.
#
# Or look at these $z$ themselves: each latent variable should have a variance near 1 and a mean near 0 (though each may be right, and the whole still have holes).
#
# So a good ELBO is no proof of good samples: it is computed on real pictures only, is mostly the pixels' error, and never looks at samples from the prior.
# Nor do fine samples prove a good ELBO.
# And watch for distances of *almost 0*, far below the 1.1 of held-out digits: such samples are memorised training pictures.
# %%
if __name__ == "__main__":
    for weight in (0.01, 0.2):
        if weight in priced:
            torch.manual_seed(3)
            with torch.no_grad():
                z = sample_latent_vector(*priced[weight].encode(held_out))
                own, prior = (priced[weight].decoder(codes) for codes in (z, torch.randn(1000, 16)))
            spread = f"variance of the codes {z.var(dim=0).min():.2f} to {z.var(dim=0).max():.2f}"
            distances = [f"{distance_to_known(pictures, images):.1f}" for pictures in (own, prior)]
            print(f"{weight}: distance from the clouds {distances[0]}, from the prior {distances[1]}; {spread}")


# %% [markdown] lang="zh"
# ## 8 · 后验坍缩
# ### 买了 16 个，用了几个
#
# `kl_weight` 是 3 时，误差是 4.7，等于只记得平均图。编码器认为什么都不值得说，每张图都给同一团云 $\mathcal N(0, 1)$：价钱为 0，解码器也学会了不看 $z$。这叫后验坍缩（posterior collapse）。
# “KL 越小越好”是误会：KL 为 0，编码就什么也没说。
#
# 它不必全部发生，也可以一个一个潜变量地发生，而总的损失看不出来。要看，就把价钱按潜变量分开：
# 一个潜变量的 KL 是 0，它就什么也没说；训练好之后，KL 明显大于 0 的，一般都在传话。
# %% [markdown] lang="en"
# ## 8 · Posterior collapse
# ### 16 bought, and how many used?
#
# With a `kl_weight` of 3 the error is 4.7, that of the mean picture. The encoder finds nothing worth saying and gives each picture the same cloud, $\mathcal N(0, 1)$; the price paid is 0, and the decoder learns not to look at $z$. This is **posterior collapse**.
# "The smaller the KL the better" is a misreading: with a KL of 0 the code says nothing.
#
# It needn't happen to all; it may happen to one latent variable after another, and the total loss doesn't show it. To see it, split the price by latent variable:
# one whose KL is 0 says nothing; after training, one whose KL is clearly above 0 usually carries a message.
# %% [markdown] lang="zh"
# ### 练习 · 每个潜变量的价钱 · 10 分钟
#
# 返回每个潜变量的 KL，对 `images` 里的图求*平均*，形状 `latent`，不带梯度。
# 模型有 `encode(images)`；不要抽样：同样的图总给出同样的结果。
# 模型的模式不动。
# 例如两张图、一个潜变量，KL 是 0 和 1，返回 `[0.5]`。
# %% [markdown] lang="en"
# ### Exercise · the price of each latent variable · 10 min
#
# Return the KL of each latent variable, *averaged* over the pictures in `images`: shape `latent`, without gradients.
# The model has `encode(images)`; draw nothing: the same pictures always give the same result.
# The model's mode stays as it is.
# With two pictures and one latent variable whose KL is 0 and 1, for example, return `[0.5]`.
# %% exercise="price_per_dimension" difficulty=1 importance=3 minutes=10
def price_per_dimension(model: Any, images: Float[Tensor, "batch 1 h w"]) -> Float[Tensor, " latent"]:
    """The KL to the standard normal of each latent variable, on average over the pictures."""
    # solution
    with torch.no_grad():
        return kl_to_standard_normal(*model.encode(images)).mean(dim=0)


if __name__ == "__main__":
    if tests.test_price_per_dimension(price_per_dimension) and priced:
        prices = {weight: price_per_dimension(model, held_out) for weight, model in priced.items()}
        for weight, price in prices.items():
            print(f"{weight}: {int((price > 0.05).sum())} of 16 in use, {price.sum():.1f} nats")
        figures.used(prices).show()


# %% [markdown] lang="zh" tags=["hint"]
# 沿哪个轴平均，才能每个潜变量剩一个数？`torch.no_grad()` 之下不建计算图。
# %% [markdown] lang="en" tags=["hint"]
# Average over which axis, so that one number is left for each latent variable? Under `torch.no_grad()` no graph is built.
# %% [markdown] lang="zh"
# ### 为什么会坍缩，怎么办
#
# 训练之初，解码器还不认得 $z$，只当它是噪声：说话没有好处，钱却马上要付。于是编码器先学会闭嘴，以后也不一定开口。
# 解码器越强，越容易这样。比如它逐个像素地画，画每一个都看得见已经画好的那些：不看 $z$ 也画得不错，$z$ 带来的那点好处抵不上价钱。
# 常用的办法：
# - 把 `kl_weight` 调低；或者让它从 0 慢慢升上来，让编码先学会说话，这叫 KL 预热（KL warm-up）。
# - 每个潜变量先送一点额度，比如 0.1 奈特以内不收钱，叫免费额度（free bits）。
# - 换弱一点的解码器，让它离不开 $z$。
# %% [markdown] lang="en"
# ### Why it happens, and what helps
#
# At the beginning of training the decoder can't read $z$ yet, which is only noise to it: there is no gain in speaking, while the price is due at once. So the encoder first learns to be silent, and may never speak.
# The stronger the decoder, the more easily it happens. Say it draws pixel by pixel, and sees those it has drawn already: then it does quite well without $z$, and the little that $z$ adds isn't worth its price.
# Usual remedies:
# - A lower `kl_weight`; or one that rises slowly from 0, so that codes first learn to speak, which is called **KL warm-up**.
# - An allowance: for each latent variable nothing is charged up to, say, 0.1 nats (**free bits**).
# - A weaker decoder, which can't do without $z$.
# %% [markdown] lang="zh" tags=["question"] see="price_per_dimension"
# `kl_weight` 是 0.2 时，16 个里只用了不到一半。把 `latent_dim_size` 减到 8，误差会变大吗？若要更多的潜变量有事做，这里先试哪种办法？
# %% [markdown] lang="en" tags=["question"] see="price_per_dimension"
# With a `kl_weight` of 0.2 fewer than half of the 16 are used. With `latent_dim_size` reduced to 8, does the error grow? And to put more of them to work, which remedy would you try here first?
# %% [markdown] lang="zh" tags=["answer"]
# 几乎不变（试试 `VAEArgs(lambda: VAE(8, 128))`）：没用的那些本来就没有传话。
# 先把 `kl_weight` 调低：这里的解码器并不强，那些潜变量闲着，是因为它们说的话不值 0.2 一奈特。预热和送额度，留给解码器太强、不看 $z$ 也画得好的时候。
# %% [markdown] lang="en" tags=["answer"]
# Hardly (try `VAEArgs(lambda: VAE(8, 128))`): the unused ones carried no message anyway.
# First lower `kl_weight`: this decoder isn't strong, and those latent variables are idle because what they could say isn't worth 0.2 a nat. Warm-up and the allowance are for decoders so strong that they draw well without looking at $z$.
# %% [markdown] lang="zh"
# ## 9 · 在潜空间里散步
# ### 从一个数字走到另一个
#
# 没有洞的空间可以散步：两张真图的编码之间，每一步都该画得出像样的图。
# 最简单的路是直线：$(1 - t)\, z_0 + t\, z_1$，$t$ 从 0 到 1。这叫线性插值（interpolation）。
# 若直接把两张*图*混合，走到一半是两个半透明的数字叠在一起；混合编码，才是变形。
# %% [markdown] lang="en"
# ## 9 · A walk through the latent space
# ### From one digit to another
#
# A space without holes can be walked through: between the codes of two real pictures each step should give a decent picture.
# The simplest path is the straight line $(1 - t)\, z_0 + t\, z_1$ with $t$ from 0 to 1. This is linear **interpolation**.
# Mix the two *pictures* instead, and half-way there are two half-transparent digits on top of each other; mix the codes, and one turns into the other.
# %% [markdown] lang="zh"
# ### 练习 · 插值 · 5 分钟
#
# 返回从 `start` 到 `end` 的直线上等距的 `n_steps` 个点，两端都要，一行一个；类型同 `start`（两端同是 float32，或同是 float64；float64 的末几位不评判）。`n_steps` 至少是 2。
# 例如从 `[0, 2]` 到 `[4, 0]` 走 3 步：`[[0, 2], [2, 1], [4, 0]]`。
# %% [markdown] lang="en"
# ### Exercise · interpolation · 5 min
#
# Return `n_steps` equally spaced points of the straight line from `start` to `end`, both ends included, one a row; the dtype is that of `start` (both float32 or both float64; its last digits aren't judged). `n_steps` is 2 or more.
# From `[0, 2]` to `[4, 0]` in 3 steps, for example: `[[0, 2], [2, 1], [4, 0]]`.
# %% exercise="interpolate" difficulty=1 importance=3 minutes=5
def interpolate(
    start: Float[Tensor, " latent"], end: Float[Tensor, " latent"], n_steps: int
) -> Float[Tensor, "n_steps latent"]:
    """Equally spaced points on the line from `start` to `end`, both included."""
    # solution
    t = torch.linspace(0, 1, n_steps, dtype=start.dtype, device=start.device)[:, None]
    return (1 - t) * start + t * end


if __name__ == "__main__":
    if tests.test_interpolate(interpolate) and vae is not None and 16 in autoencoders:
        pair = torch.stack([held_out[held_out_labels == digit][0] for digit in (0, 1)])
        with torch.no_grad():
            walks = {"pictures mixed": interpolate(pair[0].flatten(), pair[1].flatten(), 12).reshape(12, 1, 8, 8)}
            for name, model, codes in (
                ("autoencoder", autoencoders[16], autoencoders[16].encoder(pair)),
                ("VAE", vae, vae.encode(pair)[0]),
            ):
                walks[name] = model.decoder(interpolate(codes[0], codes[1], 12))
        figures.rows(walks).show()


# %% [markdown] lang="zh" tags=["hint"]
# `torch.linspace(0, 1, n_steps)` 是所有的 $t$；怎样让它与长度为 `latent` 的向量广播成 `n_steps latent`？
# %% [markdown] lang="en" tags=["hint"]
# `torch.linspace(0, 1, n_steps)` are all the $t$; how does it broadcast with a vector of length `latent` to `n_steps latent`?
# %% [markdown] lang="zh" numbers="7.1 1.4 1.0"
# ### 直线的中点不寻常
#
# 从先验里抽一个 100 个数的编码，它有多长？每个数的平方平均是 1，100 个加起来约 100，所以长度几乎总在 $\sqrt{100} = 10$ 附近。
# 两个独立编码的中点呢？每个数是 $(a + b)/2$，方差是 $(1 + 1)/4 = 1/2$，100 个加起来是 50，长度约 $\sqrt{50} \approx 7.1$。
# 这样短的编码，先验里几乎抽不到，解码器也就很少练过，走到一半的图可能平淡。改沿球面走（长度都是 10 的编码，合起来是一个球面），长度就一路不变。这里只有 16 个数，直线还看得过去。
# 只有 2 个数时，这不成问题：编码长约 1.4，中点长约 1.0，而先验在 0 附近最密，约四成的编码比 1.0 还短；解码器在那里练得很多。
# %% [markdown] lang="en" numbers="7.1 1.4 1.0"
# ### Half-way is an unusual place
#
# How long is a code of 100 numbers, drawn from the prior? Each number's square is 1 on average, 100 of them make about 100, so the length is nearly always close to $\sqrt{100} = 10$.
# And half-way between two independent codes? Each number is $(a + b)/2$, with variance $(1 + 1)/4 = 1/2$; 100 of them make 50, and the length is about $\sqrt{50} \approx 7.1$.
# Codes that short hardly ever come from the prior, so the decoder has little practice there, and pictures half-way may be bland. A path along the sphere of radius 10 (all codes of that length) keeps the length. With our 16 numbers a straight line still does.
# With 2 numbers it is no problem: a code has a length of about 1.4, half-way about 1.0, and the prior is densest near 0, so about four codes in ten are shorter than 1.0; there the decoder has much practice.
# %%
if __name__ == "__main__":
    for n in (100, 2):
        start, end = torch.randn(2, 1000, n, generator=torch.Generator().manual_seed(0))
        whole, half = (codes.square().sum(dim=1).mean().sqrt() for codes in (start, (start + end) / 2))
        shorter = (start.norm(dim=1) < half).float().mean()
        print(f"{n} numbers: length {whole:.1f}, half-way {half:.1f}; {shorter:.0%} of codes are shorter than half-way")


# %% [markdown] lang="zh"
# 两个数的 VAE，潜空间可以整个画出来：左边是云（圆的半径是 $\sigma$；为了看得清，只画了六分之一），右边是地图。
# 与第 3 节的自编码器相比：云围着原点挤在一起，地图一直画到边上（到 ±2 为止：标准正态的数，约 95% 在这之间）。
# 格子也可以不等距，改让相邻两个值之间的概率相等（按正态的分位数取值）：那样 0 附近更密。
# 各种图在地图上所占的面积，就与从先验里抽到它们的机会成比例。
# 训练时没有用过标签，所以不能对 VAE 说“画一个 7”；但地图上的颜色说出了 7 住在哪里。
# 没有地图时，有两种办法：把几张真的 7 编码，从它们的云里抽，或者在它们之间取；或者从先验里多抽一些，留下分类器认作 7 的。
# 潜变量若有 5 个，这样的地图只是一片切面：两个数在变，其余三个固定在 0，先验的均值。其余三个管什么，图上看不到；要看，就换 `dims`，或把它们固定在别的值。
# 再下面的滑块只动一个潜变量，其余不动：看它管的是什么（粗细、倾斜，还是哪一个数字）。
# 想改一张图的某一点，就取有它的图和没有它的图：两边编码的均值之差是一个方向，加到编码上，再解码。下一格就这样改倾斜，每张图只与同类的比，两边才不大会差在别处：走一步，多斜约 0.8 个像素；走两步，就不大像数字了。方向在整个潜空间里都差不多，这办法才灵；改粗细（像素之和）在这里就几乎不灵，试试看。
# %% [markdown] lang="en"
# With two latent variables the whole space of a VAE can be drawn: clouds on the left (circles of radius $\sigma$, for a sixth of them), the map on the right.
# Compare it with the autoencoder's in section 3: the clouds crowd around the origin, and the map is inhabited up to its edges (at ±2, for about 95% of a standard normal lie in between).
# Instead of equal steps one may take steps of equal probability (the quantiles of the normal), which are closer together near 0.
# Then each kind of picture fills as much of the map as it does of the samples.
# Trained without labels, a VAE can't be told to draw a 7; but the colours of the map say where the 7s live.
# Without a map there are two ways: encode a few real 7s, and draw from their clouds or between them; or draw many from the prior, and keep what the classifier takes for a 7.
# With 5 latent variables such a map is only one flat slice: two vary, the other three stay at 0, their mean in the prior. It doesn't show what those do: choose other `dims`, or other values for them.
# The slider further below moves along one latent variable with the others fixed: see what it controls (thickness, slant, or which digit).
# To change one thing about a picture, take some with it and some without: the difference of their mean codes is a direction; add it to a code, and decode. Below it is slant, each picture compared with its own class, so that the two sets differ in little else: one step makes pictures lean by about 0.8 pixels more, and after two they look less like digits. It works if the direction is much the same everywhere; with thickness (the sum of pixels) it hardly does here: try it.
# %%
def lean(pictures: Float[Tensor, "batch 1 8 8"]) -> Float[Tensor, " batch"]:
    """How many pixels the ink of the upper half lies to the right of the lower half's."""
    # chunk(2, dim=2): the upper and the lower half; then the ink of each column
    halves = (half.sum(dim=(1, 2)) for half in pictures.chunk(2, dim=2))
    upper, lower = (half @ torch.arange(8.0) / half.sum(dim=1) for half in halves)
    return upper - lower


if __name__ == "__main__":
    if vae is not None and tests.test_create_grid_of_latents(create_grid_of_latents):
        flat, _ = train_vae(VAEArgs(lambda: VAE(2, 128), kl_weight=0.1))
        with torch.no_grad():
            mu, logsigma = flat.encode(held_out)
            pictures = flat.decoder(create_grid_of_latents(2, (-2, 2), 13))
            figures.latent_map(mu, held_out_labels, pictures, 2, sigma=logsigma.exp()).show()
            busiest = int(vae.encode(held_out)[0].var(dim=0).argmax())  # the one whose mean varies most
            figures.walk(vae, vae.encode(held_out[:8])[0], busiest).show()
            leaning = lean(images)
            more = leaning - torch.stack([leaning[labels == digit].mean() for digit in range(10)])[labels]
            right, left = (vae.encode(images[chosen])[0].mean(dim=0) for chosen in (more > 0.5, more < -0.5))
            moved = {f"{t:+} steps": vae.decoder(vae.encode(held_out)[0] + t * (right - left)) for t in (-1, 0, 1, 2)}
            for name, pictures in moved.items():
                print(f"{name}: lean {lean(pictures).mean():.1f}, distance {distance_to_known(pictures, images):.1f}")
            figures.rows({name: pictures[:12] for name, pictures in moved.items()}).show()
        if classifier is not None and tests.test_sample_latent_vector(sample_latent_vector):
            with torch.no_grad():
                clouds = vae.decoder(sample_latent_vector(*vae.encode(held_out[held_out_labels == 7])))
                many = vae.decoder(torch.randn(500, 16))
            share = (predict(classifier, clouds)[0] == 7).float().mean()
            kept = many[predict(classifier, many)[0] == 7]
            print(f"from the clouds of real 7s: {share:.0%} taken for a 7; from the prior: {len(kept) / 500:.0%}")
            figures.rows({"from the clouds of 7s": clouds[:12], "from the prior, kept": kept[:12]}).show()


# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 证据究竟多大 · 30 分钟
#
# ELBO 只是下界。从 $q$ 里抽 `n_samples` 个 $z$，每个按 $p(z) / q(z)$ 加权，能把下界收紧，离 $\log p(x)$ 更近：
#
# $$\log p(x) \approx \log \frac{1}{n} \sum_{i=1}^{n} \frac{p(x \mid z_i)\, p(z_i)}{q(z_i)}$$
#
# 例如某个 $z$ 在 $p$ 里的密度是在 $q$ 里的 3 倍，就算 3 份：从 $q$ 里抽，它只来了该来的三分之一，这样补回来。
# $n = 1$ 时它平均起来就是 ELBO；$n$ 越大，越接近 $\log p(x)$，平均总不超过它。
# 对每张图返回这个数，单位奈特，形状 `batch`，不带梯度。每个像素的正态，均值是 `model.decoder(z)`，标准差 $s = \sqrt{\beta / 2}$，$\beta$ 即 `kl_weight`，大于 0；密度要完整，含 $\log \sqrt{2 \pi}$。
# 密度小到 $e^{-1000}$ 也不许下溢，所以先求对数，再用 `torch.logsumexp`。
# `n_samples` 至少是 1；模型的模式不动；图与模型的类型相同；内存不评判，`torch.distributions` 可以用。
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · how large is the evidence · 30 min
#
# The ELBO is only a lower bound. Draw $z$ from $q$ `n_samples` times, weight each draw by $p(z) / q(z)$, and the bound becomes tighter, that is, closer to $\log p(x)$:
#
# $$\log p(x) \approx \log \frac{1}{n} \sum_{i=1}^{n} \frac{p(x \mid z_i)\, p(z_i)}{q(z_i)}$$
#
# Where $p$ is 3 times as dense as $q$, for example, $z$ counts 3 times, as it comes from $q$ only a third as often as it should.
# For $n = 1$ this is, on average, the ELBO; the larger $n$, the closer it comes to $\log p(x)$, and on average it is never above.
# Return this number for each picture, in nats: shape `batch`, without gradients. The normal of each pixel has the mean `model.decoder(z)` and the standard deviation $s = \sqrt{\beta / 2}$, where $\beta$ is `kl_weight`, above 0; densities are complete, with $\log \sqrt{2 \pi}$.
# Densities as small as $e^{-1000}$ must not underflow: take logarithms first, then `torch.logsumexp`.
# `n_samples` is 1 or more; the model's mode stays as it is; pictures and model have one dtype; memory isn't judged, and `torch.distributions` may be used.
# %% exercise="log_evidence" difficulty=4 importance=2 minutes=30 tags=["bonus"]
def log_evidence(
    model: Any, images: Float[Tensor, "batch 1 h w"], n_samples: int, kl_weight: float
) -> Float[Tensor, " batch"]:
    """log p(x) of each picture, estimated from `n_samples` codes that are drawn from its cloud."""
    # solution
    normal, log_weights = torch.distributions.Normal, []
    with torch.no_grad():
        mu, logsigma = model.encode(images)
        for _ in range(n_samples):
            z = sample_latent_vector(mu, logsigma)
            likelihood = normal(model.decoder(z), (kl_weight / 2) ** 0.5).log_prob(images).flatten(1).sum(dim=1)
            log_ratio = normal(0.0, 1.0).log_prob(z) - normal(mu, logsigma.exp()).log_prob(z)
            log_weights.append(likelihood + log_ratio.sum(dim=1))
    return torch.stack(log_weights).logsumexp(dim=0) - math.log(n_samples)


if __name__ == "__main__":
    if vae is not None and tests.test_log_evidence(log_evidence):
        for n in (1, 10, 100):
            torch.manual_seed(0)
            print(f"{n} codes: {log_evidence(vae, held_out, n, 0.2).mean():.2f} nats a picture")


# %% [markdown] lang="zh" tags=["hint"]
# 三个对数密度各有几个数要相加？像素的、先验的、$q$ 的：哪些沿像素加，哪些沿潜变量加？
# %% [markdown] lang="en" tags=["hint"]
# How many numbers are added up in each of the three log densities? Pixels, prior, $q$: which are sums over pixels, which over latent variables?
# %% [markdown] lang="zh" tags=["hint"]
# 每抽一次得到形状 `batch` 的 $\log p(x \mid z) + \log p(z) - \log q(z)$；叠起来，沿抽的轴 `logsumexp`，再减 $\log n$。
# %% [markdown] lang="en" tags=["hint"]
# Each draw gives $\log p(x \mid z) + \log p(z) - \log q(z)$ of shape `batch`; stack them, take `logsumexp` over the axis of draws, and subtract $\log n$.
# %% [markdown] lang="zh" tags=["bonus"]
# ### 同一个网络，64×64
#
# `data.rendered_pictures` 用第 1 天的光线追踪画出狐狸和纽结，角度、光线随机；隔一张取一张，就全是狐狸。
# 同一个 `VAE`，只是 `size=64`，4 个潜变量。它从没听说过角度，在两张图的编码之间插值，狐狸却像在转身：从正面的一团模糊里，鼻子和尾巴渐渐伸出来。
# `kl_weight` 要大得多：4096 个像素的误差全加起来，可相邻的像素说的几乎是同一件事，误差项因此显得太重。
# 图是模糊的：平方误差拿不定主意时，就画各种可能的平均。下一课的网络治的正是这个。
# （有网络的话，`data.mnist(train=True)` 也能用，`size=28`；没有网络，它会说明怎么办。）
# %% [markdown] lang="en" tags=["bonus"]
# ### The same network at 64×64
#
# `data.rendered_pictures` draws the fox and the knot with day 1's ray tracer, at random angles and in random light; every second picture is a fox.
# Here is the same `VAE` with `size=64` and 4 latent variables. It never heard of angles, and yet between two codes the fox seems to turn: nose and tail grow out of a blurred front view.
# `kl_weight` must be much larger: the errors of 4096 pixels are all summed, though neighbours say nearly the same thing, and so the error weighs too much.
# Pictures are blurred: where squared error can't decide, it draws the mean of what may be. That is what the next lesson's networks cure.
# (With a network, `data.mnist(train=True)` works as well, with `size=28`; without one it says what to do.)
# %% tags=["bonus"]
if __name__ == "__main__":
    if vae is not None:
        foxes = data.rendered_pictures(400)[::2]
        train_set = TensorDataset(foxes, torch.zeros(len(foxes)))
        large, _ = train_vae(VAEArgs(lambda: VAE(4, 256, size=64), train_set, epochs=100, lr=1e-3, kl_weight=8.0))
        torch.manual_seed(0)
        with torch.no_grad():
            shown = {"rendered": foxes[:8], "reconstructed": large(foxes[:8])[0]}
            shown["samples"] = large.decoder(torch.randn(8, 4))
            mu, _ = large.encode(foxes[2:4])
            shown["interpolated"] = large.decoder(interpolate(mu[0], mu[1], 8))
        figures.rows(shown).show()


# %% [markdown] lang="zh"
# ## 10 · 这些零件还会回来
#
# 下一课 `part5_gans` 换一种办法生成：不要编码器，也不要价钱，让两个网络对弈；评判的还是覆盖和把握这两件事，图会更锐利，却可能漏掉整类。
# 梯度要穿过抽样，常靠重参数化；潜空间是今天许多画图模型的工作台：先用自编码器把图压小，再在那里生成。
#
# 合上书，试着说出：自编码器的洞从哪里来；为什么抽样要写成 $\mu + \sigma \epsilon$；为什么相像的图会做邻居；KL 里哪三样“要付钱”；ELBO 的两项各管什么，$\beta$ 是什么；怎样看出后验坍缩；为什么一个评判的数不够。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 10 · Where these pieces come back
#
# The next lesson, `part5_gans`, generates in another way: no encoder and no price, but two networks that play against each other; it is judged by coverage and confidence again, and its pictures are sharper, but whole classes may get lost.
# Gradients often pass through a draw by reparameterisation; the latent space is the workbench of many of today's picture models: an autoencoder makes pictures small first, and they are generated there.
#
# Without looking up, try to say: where an autoencoder's holes come from; why a draw is written as $\mu + \sigma \epsilon$; why pictures that are alike become neighbours; for which three things the KL makes you pay; what each term of the ELBO cares for, and what $\beta$ is; how posterior collapse is seen; why one number isn't enough to judge.
# Whichever you can't say, go back to its cell.
