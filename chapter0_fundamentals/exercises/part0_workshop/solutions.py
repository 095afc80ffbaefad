# %% [markdown] lang="zh" order=9
# # 第 0 天 · workshop
#
# 这一课要做出什么，做出来有什么用。
# 需要先学：`part0_tensors`。大约 10 分钟。
# %% [markdown] lang="en" order=9
# # Day 0 · workshop
#
# What this lesson builds, and what that is good for.
# It needs `part0_tensors`. About 10 minutes.
# %%
import torch
from jaxtyping import Float
from torch import Tensor

from part0_workshop import figures, tests

# %% [markdown] lang="zh"
# ## 1 · 哪一门最难
#
# 为什么：三次考试，每人一行。想知道哪个人稳、哪门课难，先得把一张表压成几个数。
# %% [markdown] lang="en"
# ## 1 · Which one is hard
#
# Why: three exams, a row for each person. To say who is steady and which exam was hard, a table must first become a few numbers.
# %% [markdown] lang="zh" numbers="4 9"
# 用笔算一遍：一行是 3、4、5，和是 12，除以 3 得 4；另一行是 9、9、9，得 9。
# 行的均值就是“消掉列”：每行只剩一个数。
# %% [markdown] lang="en" numbers="4 9"
# With a pencil: one row holds 3, 4, 5; the sum is 12, divided by 3 that is 4. The other holds 9, 9, 9, which gives 9.
# The mean of a row makes the columns vanish: one number is left of each row.
# %%
if __name__ == "__main__":
    table = torch.tensor([[3.0, 4.0, 5.0], [9.0, 9.0, 9.0]])
    for row in table:
        print(sum(row.tolist()) / len(row))
    print(tuple(table.shape), "->", tuple(table.mean(dim=1).shape))


# %% [markdown] lang="zh" tags=["question"] see="row_means"
# 先猜：`table.mean(dim=0)` 对这张两行三列的表给出几个数？
# %% [markdown] lang="en" tags=["question"] see="row_means"
# Guess first: how many numbers does `table.mean(dim=0)` give for this table of two rows and three columns?
# %% [markdown] lang="zh" tags=["answer"]
# 三个：`dim` 说的是*消失*的那个轴。消掉行，剩下的是每列一个数。
# %% [markdown] lang="en" tags=["answer"]
# Three: `dim` names the axis that *vanishes*. With the rows gone, one number is left of each column.
# %% [markdown] lang="zh"
# ### 练习 · 行的均值 · 10 分钟
#
# 每行的均值：`[[1, 3], [2, 6]]` 给出 `[2, 4]`。类型与输入相同；没有行时返回空张量。
# %% [markdown] lang="en"
# ### Exercise · means of rows · 10 min
#
# The mean of each row: `[[1, 3], [2, 6]]` gives `[2, 4]`. The dtype is the input's; without rows the result is empty.
# %% exercise="row_means" difficulty=2 importance=3 minutes=10
def row_means(table: Float[Tensor, "rows cols"]) -> Float[Tensor, " rows"]:
    """The mean of each row."""
    # solution
    return table.mean(dim=1)


if __name__ == "__main__":
    if tests.test_row_means(row_means):
        figures.bars(row_means(table)).show()


# %% [markdown] lang="zh" tags=["hint"]
# 结果的形状是 `rows`：哪个轴不见了？
# %% [markdown] lang="en" tags=["hint"]
# The result has the shape `rows`: which axis is gone?
# %% [markdown] lang="zh" tags=["hint"]
# 看 `torch.mean` 的 `dim`；它要的是消失的那个轴。
# %% [markdown] lang="en" tags=["hint"]
# Look up `dim` of `torch.mean`: it wants the axis that vanishes.
# %% [markdown] lang="zh"
# ## 现在你知道
#
# 归约（reduction）沿一个轴把许多数变成一个，那个轴随之消失。以后的损失、准确率都是这样来的。
# %% [markdown] lang="en"
# ## Now you know
#
# A **reduction** makes one number of many along an axis, and that axis vanishes. Losses and accuracies will all come about like this.
