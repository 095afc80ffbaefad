"""Right answers of the first drills, each written in another way than the course's; the tests accept them all."""

import functools
from collections.abc import Callable

import einops
import numpy as np
import torch
import torch.nn.functional as F

from coach import variant


def others(exercise: str, **functions: Callable) -> None:
    """Registers each function as a right answer to `exercise`, under its name."""
    for name, function in functions.items():
        variant(exercise, function, name=name)


# Creating


@variant("np_one_hot")
def written_by_index(labels, n_classes):
    out = np.zeros((len(labels), n_classes), "float32")
    out[np.arange(labels.size), labels] = 1
    return out


others(
    "np_one_hot",
    compared=lambda labels, n_classes: (labels[:, None] == np.arange(n_classes)).astype(np.float32),
    taken=lambda labels, n_classes: np.take(np.identity(n_classes, np.float32), labels, axis=0),
)
others(
    "pt_one_hot",
    ready_made=lambda labels, n_classes: F.one_hot(labels, n_classes).float(),
    compared=lambda labels, n_classes: labels.unsqueeze(1).eq(torch.arange(n_classes)).to(torch.float32),
    scattered=lambda labels, n_classes: torch.zeros(len(labels), n_classes).scatter_(1, labels[:, None], 1.0),
)
others(
    "np_causal_mask",
    compared=lambda n: np.arange(n)[:, None] >= np.arange(n),
    lower=lambda n: np.tril(np.ones((n, n))).astype(bool),
    not_above=lambda n: ~np.triu(np.full((n, n), True), k=1),
    by_indices=lambda n: np.fromfunction(lambda i, j: j <= i, (n, n)),
)
others(
    "pt_causal_mask",
    compared=lambda n: torch.arange(n)[None] <= torch.arange(n).reshape(-1, 1),
    not_above=lambda n: torch.triu(torch.ones(n, n), diagonal=1) == 0,
)
others(
    "np_warmup",
    clipped=lambda steps, warm: np.clip((np.arange(steps) + 1) / warm, None, 1).astype("f4"),
    chosen=lambda steps, warm: np.where(np.arange(steps) < warm, (np.arange(steps) + 1) / warm, 1.0).astype(np.float32),
)
others(
    "pt_warmup",
    smaller=lambda steps, warm: torch.minimum((torch.arange(steps) + 1) / warm, torch.tensor(1.0)),
    interpolated=lambda steps, warm: torch.linspace(1 / warm, steps / warm, steps).clip(0, 1),
)


@variant("np_pixel_centres")
def by_two_assignments(height, width):
    out = np.empty((height, width, 2), dtype=np.float32)
    out[..., 0] = (2 * np.arange(width) + 1) / width - 1
    out[:, :, 1] = ((2 * np.arange(height) + 1) / height - 1)[:, np.newaxis]
    return out


@variant("np_pixel_centres")
def by_linspace(height, width):
    x = np.linspace(-1 + 1 / width, 1 - 1 / width, width)
    y = np.linspace(-1 + 1 / height, 1 - 1 / height, height)
    return np.stack(np.broadcast_arrays(x, y[:, None]), -1).astype(np.float32)


@variant("pt_pixel_centres")
def rows_first(height, width):
    y, x = torch.meshgrid((torch.arange(height) + 0.5), (torch.arange(width) + 0.5), indexing="ij")
    return torch.stack((2 * x / width - 1, 2 * y / height - 1), -1)


@variant("pt_pixel_centres")
def by_edges(height, width):
    x, y = torch.linspace(-1, 1, width + 1), torch.linspace(-1, 1, height + 1)
    x, y = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    return torch.cat([x.expand(height, -1)[..., None], y[:, None, None].expand(-1, width, 1)], dim=2)


@variant("np_sinusoids")
def filled(length, dim):
    out = np.zeros((length, dim), np.float32)
    angles = np.outer(np.arange(length), np.exp(-np.log(10000) * np.arange(0, dim, 2) / dim))
    out[:, ::2], out[:, 1::2] = np.sin(angles), np.cos(angles)
    return out


@variant("pt_sinusoids")
def shifted_sines(length, dim):
    column = torch.arange(dim)
    angles = torch.arange(length, dtype=torch.float64).outer(10000.0 ** (-(column - column % 2) / dim))
    return torch.where(column % 2 == 0, angles.sin(), angles.cos()).float()


# Indexing

others("np_embed", taken=lambda table, tokens: np.take(table, tokens, axis=0))
others(
    "pt_embed",
    ready_made=lambda table, tokens: F.embedding(tokens, table),
    one_row=lambda table, tokens: table.index_select(0, tokens.flatten()).reshape(*tokens.shape, -1),
    as_a_product=lambda table, tokens: F.one_hot(tokens, len(table)).to(table.dtype) @ table,
)


@variant("np_shift_right")
def rolled(tokens, start):
    out = np.roll(tokens, 1, axis=1)
    out[:, 0] = start
    return out


others("np_shift_right", padded=lambda tokens, start: np.pad(tokens, ((0, 0), (1, 0)), constant_values=start)[:, :-1])


@variant("pt_shift_right")
def assigned(tokens, start):
    out = torch.empty_like(tokens)
    out[:, 1:], out[:, 0] = tokens[:, :-1], start
    return out


others("pt_shift_right", padded=lambda tokens, start: F.pad(tokens[:, :-1], (1, 0), value=start))
others(
    "np_picked",
    along=lambda scores, labels: np.take_along_axis(scores, labels[:, None], axis=1)[:, 0],
    diagonal=lambda scores, labels: scores[:, labels].diagonal(),
    by_flat=lambda scores, labels: scores.ravel()[np.arange(len(scores)) * scores.shape[1] + labels],
)
others(
    "pt_picked",
    gathered=lambda scores, labels: torch.gather(scores, 1, labels.unsqueeze(-1)).squeeze(-1),
    masked=lambda scores, labels: scores[F.one_hot(labels, scores.shape[1]).bool()],
    summed=lambda scores, labels: (scores * F.one_hot(labels, scores.shape[1])).sum(1),
)
others(
    "np_last_states",
    along=lambda states, lengths: np.take_along_axis(states, lengths[:, None, None] - 1, axis=1).squeeze(1),
    masked=lambda states, lengths: states[np.arange(states.shape[1]) == lengths[:, None] - 1],
)
others(
    "pt_last_states",
    gathered=lambda states, lengths: states.gather(
        1, (lengths - 1)[:, None, None].expand(-1, 1, states.shape[-1])
    ).squeeze(1),
    masked=lambda states, lengths: states[torch.arange(states.shape[1]) == lengths[:, None] - 1],
)


@variant("np_crops")
def two_steps(images, tops, lefts, size):
    rows = np.take_along_axis(images, (tops[:, None] + np.arange(size))[:, :, None], axis=1)
    return np.take_along_axis(rows, (lefts[:, None] + np.arange(size))[:, None], axis=2)


@variant("np_crops")
def from_all_windows(images, tops, lefts, size):
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    return windows[np.arange(len(images)), tops, lefts]


@variant("pt_crops")
def unfolded(images, tops, lefts, size):
    return images.unfold(1, size, 1).unfold(2, size, 1)[range(len(images)), tops, lefts]


@variant("pt_crops")
def by_masks(images, tops, lefts, size):
    rows, columns = torch.arange(images.shape[1]), torch.arange(images.shape[2])
    in_rows = (rows >= tops[:, None]) & (rows < tops[:, None] + size)
    in_columns = (columns >= lefts[:, None]) & (columns < lefts[:, None] + size)
    return images[in_rows[:, :, None] & in_columns[:, None, :]].view(-1, size, size)


# Masking

others(
    "np_padding_mask",
    greater=lambda lengths, longest: np.greater.outer(lengths, np.arange(longest)),
    counted=lambda lengths, longest: np.ones((len(lengths), longest), int).cumsum(1) <= lengths.reshape(-1, 1),
)
others(
    "pt_padding_mask",
    expanded=lambda lengths, longest: torch.arange(longest).expand(len(lengths), -1).lt(lengths.unsqueeze(1)),
)


@variant("np_silence")
def copied_and_written(scores, mask):
    out = scores.copy()
    out[~mask] = -np.inf
    return out


others(
    "pt_silence",
    chosen=lambda scores, mask: torch.where(mask, scores, float("-inf")),
    by_logarithm=lambda scores, mask: scores + mask.to(scores.dtype).log(),
    cloned=lambda scores, mask: scores.clone().masked_fill_(mask.logical_not(), -float("inf")),
)


@variant("np_masked_mean")
def with_where(x, mask):
    n = mask.sum(axis=1)
    total = np.sum(x, axis=1, where=mask)
    return np.divide(total, n, out=np.zeros_like(total), where=n > 0, casting="unsafe")


@variant("pt_masked_mean")
def counted_first(x, mask):
    n = mask.sum(dim=-1, dtype=x.dtype)
    total = torch.where(mask, x, torch.zeros_like(x)).sum(-1)
    return torch.where(n > 0, total / n, 0)


others("pt_masked_mean", nan_mean=lambda x, mask: x.masked_fill(~mask, torch.nan).nanmean(1).nan_to_num(0))


@variant("np_first_true")
def smallest_place(mask):
    n = mask.shape[1]
    place = np.where(mask, np.arange(n), n).min(axis=1)
    place[place == n] = -1
    return place


others(
    "np_first_true",
    counted=lambda mask: np.where(mask.any(1), (mask.cumsum(1) == 0).sum(1), -1),
)
others(
    "pt_first_true",
    counted=lambda mask: torch.where(mask.any(1), (mask.cumsum(1) == 0).sum(1), torch.tensor(-1)),
    weighed=lambda mask: torch.where(mask.any(1), (mask * torch.arange(mask.shape[1], 0, -1)).argmax(1), -1).int(),
)


@variant("np_pad")
def by_starts(flat, lengths, value):
    position = np.arange(max(lengths))
    starts = np.cumsum(lengths) - lengths
    source = np.minimum(starts[:, None] + position, len(flat) - 1)
    return np.where(position < lengths[:, None], flat[source], value)


@variant("np_pad")
def by_rows_and_columns(flat, lengths, value):
    out = np.full((len(lengths), lengths.max()), value)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    columns = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    out[rows, columns] = flat
    return out


@variant("pt_pad")
def ready_made(flat, lengths, value):
    pieces = torch.split(flat, tuple(lengths))  # type: ignore
    return torch.nn.utils.rnn.pad_sequence(pieces, batch_first=True, padding_value=value)  # type: ignore


@variant("pt_pad")
def scattered_by_mask(flat, lengths, value):
    mask = torch.arange(lengths.amax()).lt(lengths[:, None])
    return flat.new_full(mask.shape, value).masked_scatter(mask, flat)


# Reducing

others(
    "np_channel_means",
    by_einops=lambda images: einops.reduce(images, "b c h w -> c", "mean"),
    twice=lambda images: images.mean((2, 3)).mean(0),
    one_row=lambda images: np.moveaxis(images, 1, 0).reshape(images.shape[1], -1).mean(-1),
    einsum=lambda images: np.einsum("bchw->c", images) / np.float32(images[:, 0].size).astype(images.dtype),
)
others(
    "pt_channel_means",
    by_einops=lambda images: einops.reduce(images, "b c h w -> c", "mean"),
    one_row=lambda images: images.transpose(0, 1).flatten(1).mean(1),
    in_turn=lambda images: images.mean(3).mean(2).mean(0),
)
others(
    "np_accuracy",
    a_python_number=lambda scores, labels: float(np.mean(np.argmax(scores, 1) == labels)),
    an_array=lambda scores, labels: np.asarray((scores.argmax(-1) == labels).sum() / len(labels)),
    by_builtin=lambda scores, labels: sum(scores.argmax(1) == labels) / len(scores),
)
others(
    "pt_accuracy",
    a_tensor=lambda scores, labels: (scores.argmax(1) == labels).float().mean(),
    by_max=lambda scores, labels: scores.max(1).indices.eq(labels).double().mean().item(),
    divided=lambda scores, labels: float((scores.topk(1).indices.flatten() == labels).sum() / labels.numel()),
)


@variant("np_best_so_far")
def by_triangle(losses):
    n = len(losses)
    return np.where(np.tri(n, dtype=bool), losses, np.inf).min(axis=1)


@variant("pt_best_so_far")
def by_triangle_of_infinity(losses):
    return (
        losses.expand(len(losses), -1)
        .masked_fill(torch.ones(len(losses), len(losses)).triu(1).bool(), torch.inf)
        .amin(1)
    )


others("pt_best_so_far", negated=lambda losses: -torch.cummax(-losses, 0)[0])
others(
    "np_running_mean",
    by_matrix=lambda x: x @ (np.triu(np.ones((x.shape[1],) * 2)) / np.arange(1, x.shape[1] + 1)).astype(x.dtype),
    cast_back=lambda x: (np.cumsum(x, -1) / (np.arange(x.shape[1]) + 1)).astype(x.dtype),
)
others(
    "pt_running_mean",
    counted=lambda x: x.cumsum(1) / torch.ones_like(x).cumsum(1),
    function=lambda x: torch.cumsum(x, dim=-1).div(torch.arange(x.size(1)).add(1)),
)


@variant("np_returns")
def by_windows(rewards, discount):
    n = len(rewards)
    padded = np.concatenate([rewards, np.zeros(n - 1, rewards.dtype)])
    return (np.lib.stride_tricks.sliding_window_view(padded, n) @ discount ** np.arange(n)).astype(rewards.dtype)


@variant("np_returns")
def solved(rewards, discount):
    # G - discount * (G one step later) = rewards
    return np.linalg.solve(np.eye(len(rewards)) - discount * np.eye(len(rewards), k=1), rewards).astype(rewards.dtype)


@variant("pt_returns")
def by_convolution(rewards, discount):
    n = len(rewards)
    kernel = (discount ** torch.arange(n, dtype=rewards.dtype))[None, None]
    return torch.conv1d(F.pad(rewards, (0, n - 1))[None, None], kernel)[0, 0]


@variant("pt_returns")
def chosen_by_where(rewards, discount):
    t = torch.arange(len(rewards))
    gap = t[None] - t[:, None]
    weights = torch.where(gap >= 0, torch.tensor(discount, dtype=rewards.dtype) ** gap.clamp(0), 0)
    return (weights * rewards).sum(dim=1)


# Sorting and ranking


@variant("np_top_k")
def partitioned(scores, k):
    found = np.argpartition(scores, -k, axis=1)[:, -k:]
    return np.take_along_axis(found, np.argsort(-np.take_along_axis(scores, found, 1), 1), 1)


others("np_top_k", reversed_order=lambda scores, k: scores.argsort(axis=-1)[:, ::-1][:, :k].astype(np.int32))
others(
    "pt_top_k",
    sorted_down=lambda scores, k: scores.argsort(dim=1, descending=True)[:, :k],
    by_sort=lambda scores, k: torch.sort(-scores, dim=1)[1][:, :k],
)
others(
    "np_by_length",
    lexsorted=lambda lengths: np.lexsort((np.arange(len(lengths)), -lengths)),
    unique_keys=lambda lengths: np.argsort(-lengths * len(lengths) + np.arange(len(lengths))),
    reversed_twice=lambda lengths: len(lengths) - 1 - np.argsort(lengths[::-1], kind="mergesort")[::-1],
)
others(
    "pt_by_length",
    negated=lambda lengths: torch.argsort(-lengths, stable=True),
    by_sort=lambda lengths: torch.sort(lengths, descending=True, stable=True).indices,
)
others(
    "np_ranks",
    compared=lambda x: (x < x[:, None]).sum(axis=1),
    unique=lambda x: (lambda u: (np.cumsum(u[2]) - u[2])[u[1]])(np.unique(x, return_inverse=True, return_counts=True)),
)
others(
    "pt_ranks",
    compared=lambda x: x.gt(x[:, None]).sum(0),
    less=lambda x: (x[None] < x[:, None]).int().sum(1),
    no_copy=lambda x: torch.searchsorted(torch.sort(x)[0], x),
)


@variant("np_inverse")
def put(permutation):
    out = np.zeros(len(permutation), int)
    out[permutation] = np.arange(len(permutation))
    return out


others("np_inverse", found=lambda permutation: np.argmax(permutation == np.arange(len(permutation))[:, None], axis=1))
others(
    "pt_inverse",
    scattered=lambda permutation: torch.zeros_like(permutation).scatter_(
        0, permutation, torch.arange(len(permutation))
    ),
    by_nonzero=lambda permutation: torch.nonzero(permutation == torch.arange(len(permutation))[:, None])[:, 1],
)


@variant("np_nucleus")
def by_put(probs, p):
    order = (-probs).argsort(1)
    ordered = np.take_along_axis(probs, order, 1)
    keep = np.empty_like(probs, dtype=bool)
    np.put_along_axis(keep, order, np.cumsum(ordered, 1) - ordered < p, axis=1)
    return keep


@variant("np_nucleus")
def by_larger_ones(probs, p):
    larger = probs[:, None, :] > probs[:, :, None]
    return np.where(larger, probs[:, None, :], 0).sum(-1) < p


@variant("pt_nucleus")
def scattered(probs, p):
    ordered, order = probs.sort(dim=-1, descending=True)
    total = ordered.cumsum(-1).roll(1, -1)
    total[:, 0] = 0
    return torch.zeros(probs.shape, dtype=torch.bool).scatter(1, order, total < p)


@variant("pt_nucleus")
def by_threshold(probs, p):
    ordered = probs.sort(1, descending=True).values
    n = (ordered.cumsum(1) < p).sum(1, keepdim=True)
    return probs >= ordered.gather(1, n)


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@variant("np_padding_mask")
@traced
def decorated(lengths, longest):
    return np.arange(longest) < lengths[:, None]


others("pt_top_k", a_partial=functools.partial(lambda dim, scores, k: scores.topk(k, dim).indices, 1))

variant("np_causal_mask", functools.partial(np.tri, dtype=bool), name="a_partial_of_the_library")

values = np.arange(3)  # a name in a learner's file; a local of that name is something else


@variant("pt_masked_mean")
def with_names_of_its_own(x, mask):
    values, filter = x.masked_fill(~mask, 0), mask.sum(dim=1).clamp(min=1)
    return values.sum(dim=1) / filter
