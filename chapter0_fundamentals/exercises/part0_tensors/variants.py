"""Right answers of the tensor lesson, written in other ways."""

import functools
import itertools
import math
import random
import statistics

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Float64, Int, Integer
from torch import Tensor, nn

from coach import variant
from part0_tensors import solutions


@variant("flat_position")
def by_a_loop(index, stride, offset):
    position = offset
    for axis in range(len(index)):
        position += index[axis] * stride[axis]
    return position


@variant("flat_position")
def by_numpy_dot(index, stride, offset):
    return offset + int(np.dot(np.array(index, dtype=int), np.array(stride, dtype=int)))


@variant("flat_position")
def read_from_a_view(index, stride, offset):
    size = [i + 1 for i in index]
    block = torch.arange(offset + sum(i * s for i, s in zip(index, stride, strict=True)) + 1)
    return block.as_strided(size, stride, offset)[index].item()


@variant("flat_position")
@functools.cache
def remembered(index, stride, offset):
    return sum(map(math.prod, zip(index, stride, strict=True)), offset)


class Position:
    def __call__(self, index, stride, offset):
        return sum([a * b for a, b in zip(index, stride, strict=True)]) + offset


variant("flat_position", Position(), name="an_object_that_is_called")
variant(
    "flat_position",
    functools.partial(lambda start, index, stride, offset: start + by_a_loop(index, stride, offset), 0),
    name="a_partial",
)


@variant("ScaleShift")
class ShiftRegisteredFirst(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(d))
        self.scale = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return torch.addcmul(self.shift, x, self.scale)


@variant("ScaleShift")
class ByRegisterParameter(nn.Module):
    def __init__(self, d):
        nn.Module.__init__(self)
        self.register_parameter("scale", nn.Parameter(torch.empty(d)))
        self.register_parameter("shift", nn.Parameter(torch.empty(d)))
        nn.init.ones_(self.scale)  # type: ignore
        nn.init.zeros_(self.shift)  # type: ignore

    def forward(self, x):
        return self.shift + self.scale * x


@variant("ScaleShift")
class ByADiagonalMatrix(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = (nn.Parameter(torch.full((d,), v)) for v in (1.0, 0.0))
        self.d = d

    def forward(self, x):
        return nn.functional.linear(x, torch.diag(self.scale).to(x), self.shift.to(x))


@variant("predict_gradients")
def whole_numbers_and_tuples():
    return {"w": (3, 4), "x": None, "y": None, "w, again": [6, 8], "w, cleared": None}


@variant("predict_gradients")
def tensors_for_lists():
    return solutions.predict_gradients() | {"w": torch.tensor([3, 4]), "w, again": np.array([6.0, 8.0])}


@variant("predict_gradients")
def in_another_order():
    return dict(reversed(solutions.predict_gradients().items()))


@variant("sgd_step")
def by_data(params, lr):
    for p in params:
        if p.grad is not None:
            p.data -= lr * p.grad


@variant("sgd_step")
@torch.no_grad()
def by_add_with_alpha(params, lr):
    for p in params:
        if p.grad is not None:
            p.add_(p.grad, alpha=-lr)


@variant("sgd_step")
def all_at_once(params, lr):
    with torch.inference_mode(False), torch.no_grad():
        if trained := [p for p in params if p.grad is not None]:
            torch._foreach_sub_(trained, [lr * p.grad for p in trained])  # type: ignore


@variant("sgd_step")
def by_copy(params, lr):
    with torch.no_grad():
        for p in filter(lambda p: p.grad is not None, params):
            p.copy_(p - lr * p.grad.detach())


@variant("parameter_or_hyperparameter")
def written_out():
    kinds = "parameter hyperparameter parameter hyperparameter parameter hyperparameter neither hyperparameter neither"
    return dict(zip(solutions.QUANTITIES, kinds.split(), strict=True))


@variant("predict_dtypes")
def with_the_prefix():
    return {
        "floats": ("np.float64", "torch.float32"),
        "quotient": ["numpy.float64", "torch.float32"],
        "mixed": ("dtype('float64')", "torch.float32"),
        "crossing": ("float32", "torch.float64"),
        "mean": (1.5, "RuntimeError"),
    }


@variant("predict_dtypes")
def the_dtypes_themselves():
    return {
        "floats": (np.dtype("float64"), torch.float32),
        "quotient": (np.float64, torch.float),
        "mixed": (np.float64, torch.float32),
        "crossing": (np.float32, torch.double),
        "mean": (np.float64(1.5), RuntimeError),
    }


@variant("predict_numbers")
def rounded_numbers():
    return {
        "std": (1, 1.41),
        "median": (2, 1),
        "repeat": ((1, 1, 3, 3), torch.tensor([1, 3, 1, 3])),
        "split": [(3, 3), (2, 2, 2)],
        "size": (6, torch.Size([2, 3])),
    }


@variant("predict_numbers")
def exact_numbers():
    return solutions.predict_numbers() | {"std": (np.float64(1), math.sqrt(2)), "size": (6.0, [2, 3])}


@variant("predict_calls")
def lists_for_tuples():
    return {
        "axis or dim": [TypeError, (4, 6)],
        "max": ([2, 4], [[2, 4], [1, 1]]),
        "cumsum": ([1.0, 3, 6, 10], "TypeError"),
        "dot": (np.array([[7, 10], [15, 22]]), RuntimeError),
        "nonzero": ([[0, 1, 1], [1, 0, 1]], torch.tensor([[0, 1], [1, 0], [1, 1]])),
        "sort": (None, [[1, 2, 3], [1, 2, 0]]),
    }


@variant("predict_memory")
def ones_and_zeros():
    return {
        "flip": (1, 0),
        "backwards": (True, ValueError),
        "same dtype": [False, np.True_],
        "one element": (0, torch.tensor(True)),
        "from NumPy": (False, True),
    }


@variant("port_summary")
def by_sorting(x):
    n, d = x.shape
    ordered = x.sort(dim=1).values
    median = (ordered[:, (d - 1) // 2] + ordered[:, d // 2]) / 2
    deviation = (x - x.mean(dim=1, keepdim=True)).pow(2).mean(dim=1).sqrt()
    return torch.cat([ordered[:, -1:], deviation[:, None], median[:, None]], dim=1)


@variant("port_summary")
def row_by_row(x):
    return torch.stack([torch.stack([r.max(), r.std(unbiased=False), r.quantile(0.5)]) for r in x])


@variant("port_summary")
def by_statistics(x):
    rows = [[max(r), statistics.pstdev(r), statistics.median(r)] for r in x.tolist()]
    return torch.tensor(rows, dtype=x.dtype)


@variant("port_mirror")
def by_fancy_indexing(images):
    _, h, w = images.shape
    return images[:, torch.arange(2 * h) // 2][:, :, torch.arange(w - 1, -1, -1)]


@variant("port_mirror")
def by_stack_and_reshape(images):
    b, h, w = images.shape
    turned = torch.fliplr(images.movedim(0, -1)).movedim(-1, 0)
    return torch.stack([turned, turned], dim=2).reshape(b, 2 * h, w)


@variant("port_mirror")
def row_after_row(images):
    rows = [row.flip(-1) for row in images.unbind(1) for _ in range(2)]
    return torch.stack(rows, dim=1)


@variant("normalize_rows")
def by_a_mask(matrix):
    out = matrix.clone()
    nonzero = (matrix != 0).any(dim=1)
    out[nonzero] = matrix[nonzero] / matrix[nonzero].pow(2).sum(dim=1, keepdim=True).sqrt()
    return out


@variant("normalize_rows")
def with_nan_replaced(matrix):
    return torch.nan_to_num(matrix / torch.linalg.vector_norm(matrix, dim=-1, keepdim=True), nan=0.0)


@variant("normalize_rows")
def with_a_tiny_epsilon(matrix):
    return matrix / (torch.linalg.norm(matrix, dim=1)[:, None] + 1e-30)


@variant("normalize_rows")
def rows_one_by_one(matrix):
    rows = []
    for row in matrix:
        length = (row @ row).sqrt()
        rows.append(row / length if length > 0 else row)
    return torch.stack(rows)


variant("normalize_rows", nn.functional.normalize, name="of_torch")
variant("normalize_rows", functools.partial(nn.functional.normalize, p=2.0, dim=1), name="of_torch_as_a_partial")


@variant("cos_sim_matrix")
def of_torch_by_broadcasting(matrix):
    return torch.cosine_similarity(matrix[:, None], matrix[None], dim=-1, eps=1e-30)


@variant("cos_sim_matrix")
def inner_products_over_lengths(matrix):
    lengths = matrix.norm(dim=1)
    products = torch.einsum("i n, j n -> i j", matrix, matrix)
    pairs = lengths[:, None] * lengths
    return torch.where(pairs > 0, products / pairs.where(pairs > 0, 1), 0)


@variant("cos_sim_matrix")
def pair_by_pair(matrix):
    m = len(matrix)
    out = matrix.new_zeros(m, m)
    for i, j in itertools.product(range(m), repeat=2):
        a, b = matrix[i], matrix[j]
        if a.any() and b.any():
            out[i, j] = (a / a.norm()).dot(b / b.norm())
    return out


@variant("sample_distribution")
def clamped_to_the_last_possible(probs, n):
    passed = (torch.rand(n, 1) >= probs.cumsum(0)).sum(dim=1)
    return passed.clamp(max=int(probs.nonzero()[-1]))


@variant("sample_distribution")
def by_multinomial(probs, n):
    return torch.multinomial(probs, n, replacement=True)


@variant("sample_distribution")
def by_searchsorted(probs, n):
    ends = probs.double().cumsum(0)
    return torch.searchsorted(ends / ends[-1], torch.rand(n, dtype=torch.float64), right=True)


@variant("sample_distribution")
def by_the_largest_gumbel(probs, n):
    return (probs.log() - (-torch.rand(n, len(probs)).log()).log()).argmax(dim=1)


@variant("sample_distribution")
def by_python(probs, n):
    return torch.tensor(random.choices(range(len(probs)), probs.tolist(), k=n))


@variant("sample_distribution")
def by_numpy(probs, n):
    p = probs.double().numpy()
    return torch.from_numpy(np.random.choice(len(p), size=n, p=p / p.sum()))


@variant("sample_distribution")
def by_the_distribution(probs, n):
    return torch.distributions.Categorical(probs).sample((n,))


@variant("classifier_accuracy")
def counted(scores, true_classes):
    right = (scores.argmax(-1) == true_classes).sum()
    return right / len(scores)


@variant("classifier_accuracy")
def counted_in_a_loop(scores, true_classes):
    right = sum(int(row.argmax()) == int(c) for row, c in zip(scores, true_classes, strict=True))
    return torch.tensor(right / scores.shape[0])


@variant("classifier_accuracy")
def by_max_and_indices(scores, true_classes):
    _, predictions = scores.max(dim=1)
    return torch.mean(predictions.eq(true_classes).to(torch.float32))


@variant("classifier_accuracy")
def true_score_is_highest(scores, true_classes):
    true_scores = scores.gather(1, true_classes[:, None])
    return (scores <= true_scores).all(dim=1).float().mean()


@variant("total_price_indexing")
def price_by_price(prices, items):
    return sum(prices[i].item() for i in items)


@variant("total_price_indexing")
def zero_for_nothing(prices, items):
    return prices[items].sum().item() if len(items) else 0


@variant("total_price_indexing")
def as_a_numpy_number(prices, items):
    return prices.numpy()[items.numpy()].sum()


@variant("total_price_indexing")
def by_counts(prices, items):
    return float(items.bincount(minlength=len(prices)).to(prices.dtype) @ prices)


@variant("total_price_indexing")
def by_take(prices, items):
    return float(prices.take(items).sum())


@variant("total_price_gather")
def by_torch_gather(prices, items):
    return float(torch.gather(input=prices, dim=-1, index=items).sum())


@variant("total_price_gather")
def by_gather_of_a_row(prices, items):
    return prices[None].gather(1, items[None]).sum().tolist()


@variant("total_price_gather")
def added_by_python(prices, items):
    return sum(prices.gather(0, items).tolist())


@variant("gather_2d")
def by_two_indexes(matrix, indexes):
    return matrix[torch.arange(len(matrix))[:, None], indexes]


@variant("gather_2d")
def by_take_along_dim(matrix, indexes):
    return torch.take_along_dim(matrix, indexes, dim=1)


@variant("gather_2d")
def each_row_by_itself(matrix, indexes):
    return torch.stack([row[columns] for row, columns in zip(matrix, indexes, strict=True)])


@variant("gather_2d")
def by_flat_positions(matrix, indexes):
    m, n = matrix.shape
    return matrix.take(indexes + n * torch.arange(m).unsqueeze(1))


@variant("integer_array_indexing")
def by_a_tuple_of_columns(matrix, coords):
    return matrix[tuple(coords.T)]


@variant("integer_array_indexing")
def element_by_element(matrix, coords):
    return torch.stack([matrix[tuple(c)] for c in coords.tolist()])


@variant("integer_array_indexing")
def by_strides_of_the_shape(matrix, coords):
    steps = torch.tensor([math.prod(matrix.shape[i + 1 :]) for i in range(matrix.ndim)])
    return matrix.flatten()[(coords * steps).sum(dim=1)]


@variant("integer_array_indexing")
def in_numpy(matrix, coords):
    return torch.tensor(matrix.numpy()[tuple(coords.numpy().T)])


@variant("collect_rows")
def by_index_select(matrix, row_indexes):
    return matrix.index_select(0, row_indexes)


@variant("collect_rows")
def rows_stacked(matrix, row_indexes):
    return torch.stack([matrix[i] for i in row_indexes])


@variant("collect_rows")
def rows_gathered(matrix, row_indexes):
    return matrix.gather(0, row_indexes[:, None].expand(-1, matrix.shape[1]))


@variant("collect_rows")
def by_a_product(matrix, row_indexes):
    return nn.functional.one_hot(row_indexes, len(matrix)).to(matrix.dtype) @ matrix


@variant("collect_columns")
def by_index_select_columns(matrix, column_indexes):
    return torch.index_select(matrix, -1, column_indexes)


@variant("collect_columns")
def rows_of_the_transpose(matrix, column_indexes):
    return matrix.T[column_indexes].T


@variant("collect_columns")
def columns_stacked(matrix, column_indexes):
    return torch.stack([matrix[:, j] for j in column_indexes.tolist()], dim=1)


@variant("batched_logsumexp")
def with_keepdim(matrix):
    top = torch.max(matrix, dim=-1, keepdim=True).values
    return (torch.log(torch.exp(matrix - top).sum(dim=-1, keepdim=True)) + top).squeeze(-1)


@variant("batched_logsumexp")
def maximum_detached_on_both_sides(matrix):
    top = matrix.detach().amax(dim=1)
    return (matrix - top[:, None]).exp().sum(dim=1).log() + top


@variant("batched_logsumexp")
def row_after_another(matrix):
    return torch.stack([row.max() + torch.log(torch.sum(torch.exp(row - row.max()))) for row in matrix])


@variant("batched_logsumexp")
def two_at_a_time(matrix):
    total = matrix[:, 0]
    for x in matrix.T[1:]:
        high, low = torch.maximum(total, x), torch.minimum(total, x)
        total = high + (low - high).exp().log1p()
    return total


@variant("batched_softmax")
def exponential_of_shifted(matrix):
    shifted = matrix - matrix.amax(dim=1, keepdim=True)
    return (shifted - solutions.batched_logsumexp(shifted)[:, None]).exp()


@variant("batched_softmax")
def exponential_of_the_log(matrix):
    return torch.exp(solutions.batched_logsoftmax(matrix))


@variant("batched_softmax")
def rows_stacked_up(matrix):
    rows = []
    for row in matrix:
        exps = torch.exp(row - torch.max(row).detach())
        rows.append(exps / torch.sum(exps))
    return torch.stack(rows)


@variant("batched_logsoftmax")
def log_of_the_sum(matrix):
    shifted = matrix - matrix.max(dim=1, keepdim=True)[0]
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@variant("batched_logsoftmax")
def logsumexp_of_differences(matrix):
    return torch.stack([-solutions.batched_logsumexp(matrix - x[:, None]) for x in matrix.T], dim=1)


@variant("batched_cross_entropy_loss")
def by_indexing(logits, true_labels):
    return -solutions.batched_logsoftmax(logits)[torch.arange(len(logits)), true_labels]


@variant("batched_cross_entropy_loss")
def by_one_hot(logits, true_labels):
    chosen = nn.functional.one_hot(true_labels, logits.shape[1])
    return -(chosen * solutions.batched_logsoftmax(logits)).sum(dim=1)


@variant("batched_cross_entropy_loss")
def logsumexp_above_the_true_score(logits, true_labels):
    true_scores = logits.gather(1, true_labels.unsqueeze(1))
    return solutions.batched_logsumexp(logits - true_scores)


@variant("batched_cross_entropy_loss")
def example_by_example(logits, true_labels):
    losses = []
    for row, label in zip(logits, true_labels, strict=True):
        shifted = row - row.max()
        losses.append(shifted.exp().sum().log() - shifted[label])
    return torch.stack(losses)


@variant("predict_checks")
def each_check_written_out():
    through = [1, 0, 0, 1, 0, 0, 1, 1, 1, 0]
    return dict(zip(solutions.CHECKS, map(bool, through), strict=True))


@variant("predict_checks")
def checks_as_numbers():
    return {name: int(value) for name, value in solutions.predict_checks().items()}


@variant("shape_annotations")
def other_names():
    return {
        "pictures": Float[Tensor, "*front h w"],
        "mask": Bool[torch.Tensor, "rows columns"],
        "labels": Integer[Tensor, "n"],
        "square": Float[Tensor, "side side"],
        "picture": Float[Tensor, "channels=3 h w"],
    }


@variant("shape_annotations")
def unions_and_blanks():
    return {
        "picture": Float32[Tensor, "3 _ _"] | Float64[Tensor, "3 _ _"],
        "square": Float[Tensor, "n n"],
        "labels": Int[Tensor, " _"],
        "mask": Bool[Tensor, "_ _"],
        "pictures": Float[Tensor, "... _ _"],
    }
