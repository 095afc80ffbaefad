"""Right answers of the second drills, each written in another way than the course's; the tests accept them all."""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from part0_drills.variants import traced

from coach import variant


def others(exercise: str, **functions) -> None:
    """Registers each function as a right answer to `exercise`, under its name."""
    for name, function in functions.items():
        variant(exercise, function, name=name)


# Broadcasting

others(
    "np_standardise",
    channels_last=lambda images, mean, std: np.moveaxis((np.moveaxis(images, 1, -1) - mean) / std, -1, 1),
    reshaped=lambda images, mean, std: (images - mean.reshape(1, -1, 1, 1)) * (1 / std).reshape(-1, 1, 1),
)
others(
    "pt_standardise",
    viewed=lambda images, mean, std: images.sub(mean.view(1, -1, 1, 1)).div(std.view(1, -1, 1, 1)),
    ready_made=lambda images, mean, std: (images.permute(0, 2, 3, 1) - mean).div(std).permute(0, 3, 1, 2),
    as_batch_norm=lambda images, mean, std: F.batch_norm(images, mean, std**2, eps=1e-30),
)
others(
    "np_relative",
    outer=lambda n, furthest: np.minimum(np.maximum(-np.subtract.outer(range(n), range(n)), -furthest), furthest),
    by_indices=lambda n, furthest: np.clip(np.subtract(*np.indices((n, n))[::-1]), -furthest, furthest),
)
others(
    "pt_relative",
    clipped=lambda n, furthest: torch.clip(
        torch.arange(n).unsqueeze(0) - torch.arange(n).unsqueeze(1), -furthest, furthest
    ),
    in_int32=lambda n, furthest: (torch.arange(n) - torch.arange(n).view(-1, 1)).clamp(-furthest, furthest).int(),
)
others(
    "np_squared_distances",
    einsum=lambda a, b: np.einsum("nmd,nmd->nm", a[:, None] - b[None], a[:, None] - b[None]),
    by_norm=lambda a, b: np.linalg.norm(a[:, None] - b[None], axis=2) ** 2,
    centred_first=lambda a, b: ((a - a[0])[:, None, :] - (b - a[0])[None, :, :]).__pow__(2).sum(-1),
)
others(
    "pt_squared_distances",
    cdist=lambda a, b: torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist") ** 2,
    columns=lambda a, b: (a.T[:, :, None] - b.T[:, None, :]).pow(2).sum(0),
)


@variant("np_rotate")
def complex_numbers(x, angles):
    turned = (x[..., 0] + 1j * x[..., 1]) * np.exp(1j * angles)
    return np.stack([turned.real, turned.imag], -1).astype(x.dtype)


@variant("np_rotate")
def by_matrices(x, angles):
    turn = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]])
    return np.einsum("ijp,bpj->bpi", turn, x)


@variant("pt_rotate")
def as_complex(x, angles):
    return torch.view_as_real(torch.view_as_complex(x.contiguous()) * torch.polar(torch.ones_like(angles), angles))


@variant("pt_rotate")
def flipped(x, angles):
    other = torch.stack([-x[..., 1], x[..., 0]], -1)
    return x * angles.cos()[:, None] + other * angles.sin()[:, None]


@variant("np_iou")
def side_by_side(a, b):
    a = a[:, None]
    width = np.minimum(a[..., 2], b[:, 2]) - np.maximum(a[..., 0], b[:, 0])
    height = np.minimum(a[..., 3], b[:, 3]) - np.maximum(a[..., 1], b[:, 1])
    shared = np.where((width > 0) & (height > 0), width * height, 0)
    size = lambda box: (box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1])  # noqa: E731
    return shared / (size(a) + size(b) - shared)


def sizes(box):
    return (box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1])


@variant("pt_iou")
def transposed(a, b):
    left, top, right, bottom = a.T[:, :, None]
    left2, top2, right2, bottom2 = b.T[:, None, :]
    width = (right.min(right2) - left.max(left2)).relu()
    shared = width * (bottom.min(bottom2) - top.max(top2)).relu()
    return shared / (sizes(a)[:, None] + sizes(b)[None, :] - shared)


# Windows

others(
    "np_pool",
    added=lambda x, size: np.add.reduceat(x[: len(x) // size * size], np.arange(0, len(x) // size * size, size)) / size,
    by_windows=lambda x, size: np.lib.stride_tricks.sliding_window_view(x, size)[::size].mean(-1),
    resized=lambda x, size: np.reshape(x[: len(x) - len(x) % size], (len(x) // size, size)).sum(1) / size,
)
others(
    "pt_pool",
    ready_made=lambda x, size: F.avg_pool1d(x[None], size)[0],
    unfolded=lambda x, size: x.unfold(0, size, size).mean(-1),
)


@variant("np_contexts")
def by_indices(tokens, size):
    starts = np.arange(len(tokens) - size)
    return tokens[starts[:, None] + np.arange(size)], tokens[starts + size]


others(
    "np_contexts",
    sliced=lambda tokens, size: [np.lib.stride_tricks.sliding_window_view(tokens[:-1], size), tokens[size:]],
)
others(
    "pt_contexts",
    sliced=lambda tokens, size: (tokens[:-1].unfold(0, size, 1), tokens[size:]),
    indexed=lambda tokens, size: (
        tokens[torch.arange(len(tokens) - size)[:, None] + torch.arange(size)],
        tokens[size:].clone(),
    ),
)
others(
    "np_frames",
    indexed=lambda signal, size, hop: signal[
        np.arange((len(signal) - size) // hop + 1)[:, None] * hop + np.arange(size)
    ],
    cut=lambda signal, size, hop: np.lib.stride_tricks.sliding_window_view(signal, (size,))[::hop, :].copy(),
)
others(
    "pt_frames",
    indexed=lambda signal, size, hop: signal[
        torch.arange(0, len(signal) - size + 1, hop)[:, None] + torch.arange(size)
    ],
    strided=lambda signal, size, hop: signal.contiguous().as_strided(((len(signal) - size) // hop + 1, size), (hop, 1)),
)


@variant("np_im2col")
def indexed_rows(images, size):
    batch, c, height, width = images.shape
    rows, columns = np.arange(height - size + 1), np.arange(width - size + 1)
    i, j = np.arange(size)[:, None], np.arange(size)
    windows = images[:, :, rows[:, None, None, None] + i, columns[:, None, None] + j]
    return np.moveaxis(windows, 1, 3).reshape(batch, len(rows) * len(columns), -1)


@variant("pt_im2col")
def unfold(images, size):
    return F.unfold(images, size).transpose(1, 2)


@variant("pt_im2col")
def in_one_permute(images, size):
    windows = images.unfold(2, size, 1).unfold(3, size, 1)
    return torch.einsum("bcyxij->byxcij", windows).reshape(len(images), -1, images.shape[1] * size * size)


@variant("np_causal_conv")
def padded(x, kernel, dilation):
    reach = dilation * (len(kernel) - 1)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, (reach, 0)), reach + 1)
    return windows[:, ::-1][:, ::dilation] @ kernel


@variant("np_causal_conv")
def by_np_convolve(x, kernel, dilation):
    spread = np.zeros(dilation * (len(kernel) - 1) + 1, kernel.dtype)
    spread[::dilation] = kernel
    return np.convolve(x, spread)[: len(x)]


@variant("pt_causal_conv")
def by_conv1d(x, kernel, dilation):
    left = dilation * (len(kernel) - 1)
    return F.conv1d(F.pad(x, (left, 0))[None, None], kernel.flip(0)[None, None], dilation=dilation).flatten()


@variant("pt_causal_conv")
def by_a_matrix(x, kernel, dilation):
    gap = torch.arange(len(x))[:, None] - torch.arange(len(x))
    known = (gap >= 0) & (gap % dilation == 0) & (gap // dilation < len(kernel))
    return torch.where(known, kernel[(gap // dilation).clamp(0, len(kernel) - 1)], 0) @ x


# Grouping and counting

others(
    "np_counts",
    one_hot=lambda labels, n_classes: (labels[:, None] == np.arange(n_classes)).sum(0),
    by_histogram=lambda labels, n_classes: np.histogram(labels, np.arange(n_classes + 1))[0],
)


@variant("np_counts")
@traced
def added(labels, n_classes):
    out = np.zeros(n_classes, dtype=np.int32)
    np.add.at(out, labels, 1)
    return out


others(
    "pt_counts",
    one_hot=lambda labels, n_classes: F.one_hot(labels, n_classes).sum(0),
    added=lambda labels, n_classes: torch.zeros(n_classes, dtype=torch.int64).index_add(
        0, labels, torch.ones_like(labels)
    ),
)


@variant("np_confusion")
def added_at(truth, guess, n_classes):
    out = np.zeros((n_classes, n_classes), int)
    np.add.at(out, (truth, guess), 1)
    return out


others(
    "np_confusion",
    product=lambda truth, guess, n_classes: np.eye(n_classes, dtype=int)[truth].T @ np.eye(n_classes, dtype=int)[guess],
)


@variant("pt_confusion")
def put(truth, guess, n_classes):
    out = torch.zeros(n_classes, n_classes, dtype=torch.long)
    return out.index_put((truth, guess), torch.tensor(1), accumulate=True)


others(
    "pt_confusion",
    product=lambda truth, guess, n_classes: F.one_hot(truth, n_classes).T @ F.one_hot(guess, n_classes),
)
others(
    "np_segment_sums",
    product=lambda x, segments, n_segments: np.eye(n_segments, dtype=x.dtype)[segments].T @ x,
    masked=lambda x, segments, n_segments: np.where((segments == np.arange(n_segments)[:, None])[:, :, None], x, 0).sum(
        axis=1
    ),
)


@variant("np_segment_sums")
def counted(x, segments, n_segments):
    d = x.shape[1]
    cells = segments[:, None] * d + np.arange(d)
    return np.bincount(cells.ravel(), x.ravel(), n_segments * d).reshape(n_segments, d).astype(x.dtype)


others(
    "pt_segment_sums",
    product=lambda x, segments, n_segments: F.one_hot(segments, n_segments).to(x.dtype).T @ x,
    scattered=lambda x, segments, n_segments: torch.zeros(n_segments, x.shape[1], dtype=x.dtype).scatter_add_(
        0, segments[:, None].expand_as(x), x
    ),
)


@variant("np_run_lengths")
def by_ends(x):
    ends = np.append(np.nonzero(np.diff(x))[0], x.size - 1)
    return x[ends], np.diff(np.concatenate(([-1], ends)))


@variant("np_run_lengths")
def by_group_numbers(x):
    group = np.cumsum(np.concatenate([[False], x[1:] != x[:-1]]))
    return [x[np.unique(group, return_index=True)[1]], np.bincount(group)]


@variant("pt_run_lengths")
def by_starts(x):
    first = torch.ones(len(x), dtype=torch.bool)
    first[1:] = x[1:] != x[:-1]
    starts = first.nonzero().flatten()
    return x[starts], torch.cat([starts[1:], torch.tensor([len(x)])]) - starts


@variant("pt_run_lengths")
def by_bincount(x):
    group = torch.cat([torch.zeros(1, dtype=torch.long), (x.diff() != 0).long()]).cumsum(0)
    return x[torch.cat([torch.tensor([True]), group.diff() > 0])], group.bincount()


@variant("np_segment_softmax")
def by_table(scores, segments, n_segments):
    own = segments[:, None] == np.arange(n_segments)
    table = np.where(own, scores[:, None], -np.inf)
    highest = table.max(axis=0)
    exps = np.exp(scores - highest[segments])
    return exps / (own * exps[:, None]).sum(0)[segments]


@variant("np_segment_softmax")
def by_pairs(scores, segments, n_segments):
    same = segments == segments[:, None]
    return 1 / np.where(same, np.exp(np.where(same, scores - scores[:, None], 0)), 0).sum(axis=1)


@variant("pt_segment_softmax")
def by_masked_softmax(scores, segments, n_segments):
    same = segments == segments[:, None]
    return torch.where(same, scores, -torch.inf).softmax(dim=1).diagonal()


@variant("pt_segment_softmax")
def by_logsumexp(scores, segments, n_segments):
    table = torch.full((n_segments, len(scores)), -torch.inf, dtype=scores.dtype)
    table[segments, torch.arange(len(scores))] = scores
    return (scores - table.logsumexp(1)[segments]).exp()


# Linear algebra

others(
    "np_quadratic",
    einsum=lambda x, matrix: np.einsum("ni,ij,nj->n", x, matrix, x),
    stacked=lambda x, matrix: (x[:, None] @ matrix @ x[:, :, None])[:, 0, 0],
    diagonal=lambda x, matrix: np.diag(x @ matrix @ x.T),
)
others(
    "pt_quadratic",
    einsum=lambda x, matrix: torch.einsum("ni,ij,nj->n", x, matrix, x),
    other_side=lambda x, matrix: (matrix @ x.T).mul(x.T).sum(0),
)
others(
    "np_erase",
    projector=lambda x, direction: (
        x @ (np.eye(len(direction)) - np.outer(direction, direction) / direction.dot(direction)).astype(x.dtype)
    ),
    unit=lambda x, direction: x - np.outer(x @ (u := direction / np.linalg.norm(direction)), u),
)
others(
    "pt_erase",
    outer=lambda x, direction: x - torch.outer(x @ direction, direction) / direction.dot(direction),
    unit=lambda x, direction: x - (x * (u := F.normalize(direction, dim=0))).sum(1, keepdim=True) * u,
)


@variant("np_covariances")
def by_einsum(x):
    centred = x - x.mean(1)[:, None]
    return np.einsum("bni,bnj->bij", centred, centred) / len(x[0])


others(
    "np_covariances",
    from_moments=lambda x: np.einsum("bni,bnj->bij", x, x) / x.shape[1] - x.mean(1)[:, :, None] * x.mean(1)[:, None],
)


@variant("pt_covariances")
def by_outer(x):
    centred = x - x.mean(-2, keepdim=True)
    return (centred[..., :, None] * centred[..., None, :]).mean(1)


others("pt_covariances", bmm=lambda x: (c := x - x.mean(1, True)).transpose(1, 2).bmm(c).div(x.size(1)))


@variant("np_ridge")
def as_least_squares(x, y, strength):
    d = x.shape[1]
    rows = np.vstack([x, np.sqrt(strength) * np.eye(d, dtype=x.dtype)]).astype(x.dtype)
    return np.linalg.lstsq(rows, np.append(y, np.zeros(d, y.dtype)).astype(x.dtype), rcond=None)[0]


@variant("np_ridge")
def kernel_form(x, y, strength):
    return x.T @ np.linalg.solve(x @ x.T + strength * np.eye(len(x)), y).astype(x.dtype)


@variant("pt_ridge")
def by_inverse(x, y, strength):
    return torch.linalg.inv(x.mT @ x + strength * torch.eye(x.size(1)).to(x)) @ (x.mT @ y)


@variant("pt_ridge")
def by_svd(x, y, strength):
    u, s, vt = torch.linalg.svd(x, full_matrices=False)
    return vt.T @ (s / (s**2 + strength) * (u.T @ y))


@variant("np_whiten")
def symmetric(x):
    centred = x - x.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(x))
    return centred @ (vectors / np.sqrt(values)) @ vectors.T


@variant("np_whiten")
def by_numpy_cov(x):
    covariance = np.atleast_2d(np.cov(x, rowvar=False, bias=True))
    factor = np.linalg.cholesky(np.linalg.inv(covariance))
    return ((x - x.mean(axis=0, keepdims=True)) @ factor).astype(x.dtype)


@variant("np_whiten")
def by_numpy_svd(x):
    return np.linalg.svd(x - x.mean(0), full_matrices=False)[0] * np.sqrt(len(x)).astype(x.dtype)


@variant("pt_whiten")
def by_cholesky(x):
    centred = x - x.mean(0, keepdim=True)
    factor = torch.linalg.cholesky(centred.T @ centred / len(x))
    return torch.linalg.solve_triangular(factor, centred.T, upper=False).T


@variant("pt_whiten")
def by_qr(x):
    return torch.linalg.qr(x - x.mean(0)).Q * len(x) ** 0.5


# Random


@variant("np_dropout_mask")
def multiplied(x, p, rng):
    return x * (rng.uniform(size=x.shape) > p) / (1 - p)


@variant("np_dropout_mask")
def by_binomial(x, p, rng):
    out = x.copy()
    out[rng.binomial(1, p, x.shape).astype(bool)] = 0
    return out / (1 - p)


@variant("pt_dropout_mask")
def bernoulli(x, p, rng):
    return torch.empty_like(x).bernoulli_(1 - p, generator=rng) * x / (1 - p)


@variant("pt_dropout_mask")
def filled(x, p, rng):
    return (x / (1 - p)).masked_fill(torch.rand(*x.shape, generator=rng) < p, 0)


@variant("np_split")
def chosen(n, n_first, rng):
    first = rng.choice(n, n_first, replace=False)
    return first, np.setdiff1d(np.arange(n), first)


@variant("np_split")
def by_keys(n, n_first, rng):
    return np.split(np.argsort(rng.random(n)), [n_first])


@variant("np_split")
def shuffled(n, n_first, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return order[:n_first], order[n_first:]


@variant("pt_split")
def by_sorted_keys(n, n_first, rng):
    return torch.rand(n, generator=rng).argsort().split([n_first, n - n_first])


@variant("pt_split")
def by_mask(n, n_first, rng):
    mask = torch.rand(n, generator=rng).argsort().argsort() < n_first
    return mask.nonzero()[:, 0], (~mask).nonzero()[:, 0]


@variant("np_negatives")
def skipped(labels, n_classes, rng):
    drawn = rng.integers(n_classes - 1, size=len(labels))
    return drawn + (drawn >= labels)


@variant("np_negatives")
def by_largest_key(labels, n_classes, rng):
    keys = rng.random((len(labels), n_classes))
    keys[np.arange(len(labels)), labels] = -1
    return keys.argmax(1)


@variant("pt_negatives")
def skipped_over(labels, n_classes, rng):
    drawn = torch.randint(0, n_classes - 1, (len(labels),), generator=rng)
    return torch.where(drawn < labels, drawn, drawn + 1)


@variant("pt_negatives")
def by_multinomial(labels, n_classes, rng):
    return (1 - F.one_hot(labels, n_classes).float()).multinomial(1, generator=rng).squeeze(1)


@variant("np_balanced")
def by_lexsort(labels, n_classes, per_class, rng):
    order = np.lexsort((rng.random(len(labels)), labels))
    counts = np.bincount(labels, minlength=n_classes)
    return order[(np.cumsum(counts) - counts)[:, None] + np.arange(per_class)[None]]


@variant("np_balanced")
def by_keys_in_a_table(labels, n_classes, per_class, rng):
    keys = np.where(labels == np.arange(n_classes)[:, None], rng.random((n_classes, len(labels))), np.inf)
    return np.argsort(keys, axis=1)[:, :per_class]


@variant("pt_balanced")
def by_top_keys(labels, n_classes, per_class, rng):
    own = labels == torch.arange(n_classes)[:, None]
    return torch.where(own, torch.rand(len(labels), generator=rng), -1.0).topk(per_class, dim=1).indices


@variant("pt_balanced")
def by_weights(labels, n_classes, per_class, rng):
    return F.one_hot(labels, n_classes).T.float().multinomial(per_class, generator=rng)


@variant("np_distinct")
def gumbel(weights, k, rng):
    return np.argpartition(-(np.log(weights) + rng.gumbel(size=weights.shape)), k - 1, axis=1)[:, :k]


@variant("np_distinct")
def powers(weights, k, rng):
    return np.argsort(rng.random(weights.shape) ** (1 / weights), axis=1)[:, ::-1][:, :k]


@variant("pt_distinct")
def gumbel_top(weights, k, rng):
    uniform = torch.rand(weights.shape, generator=rng)
    return (weights.log() - (-uniform.log()).log()).topk(k).indices


@variant("pt_distinct")
def exponential(weights, k, rng):
    keys = torch.empty(weights.shape).exponential_(generator=rng) / weights
    return keys.sort(dim=-1).indices[:, :k].int()


variant("pt_pool", functools.partial(lambda dim, x, size: x.unfold(dim, size, size).mean(1), 0), name="a_partial")
