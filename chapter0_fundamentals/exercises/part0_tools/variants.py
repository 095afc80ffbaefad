"""Right answers of the lesson, each written in another way than the course's."""

import torch

from coach import variant


@variant("row_means")
def sum_by_count(table):
    return table.sum(dim=1) / table.shape[1]


@variant("row_means")
def as_a_product(table):
    cols = table.shape[1]
    return table @ torch.full((cols,), 1 / cols, dtype=table.dtype)
