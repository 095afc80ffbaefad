"""The wrong answers of the lesson, each explained in a sentence."""

import torch

from coach import mistake


@mistake(
    "row_means",
    zh="这是每列的均值：`dim` 是消失的那个轴，要消失的是列，即 1。",
    en="These are the means of the columns: `dim` names the axis that vanishes, and that is the columns', 1.",
)
def means_of_columns(table):
    return table.mean(dim=0)


@mistake(
    "row_means",
    zh="这是每行的和：还要除以列数。",
    en="These are the sums of the rows: divide by the number of columns.",
)
def sums(table):
    return table.sum(dim=1)


@mistake(
    "row_means",
    zh="这是全部数的均值，每行都一样：沿 `dim=1` 求均值。",
    en="That is the mean of all numbers, the same for each row: take the mean along `dim=1`.",
)
def mean_of_everything(table):
    return torch.full((len(table),), float(table.mean()), dtype=table.dtype)
