"""What each drill has to compute, as slow loops over lists: slow, and easy to read. The tests hold every answer against them."""

import inspect
import math
from collections.abc import Callable
from typing import Any


def show(loop: Callable, *args: Any) -> None:
    """Prints a loop, and what it makes of these arguments."""
    print(inspect.getsource(loop))
    print(f"{loop.__name__}({', '.join(map(str, args))}) is {written(loop(*args))}")


def written(value: Any) -> str:
    """Numbers, lists of them or tuples of lists, with three decimals at most."""
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, tuple):
        return " ".join(map(written, value))
    return str(value) if isinstance(value, bool | int) else f"{round(value, 3) + 0.0:g}"


def zeros(rows: int, columns: int) -> list:
    return [[0.0] * columns for _ in range(rows)]


# Creating


def one_hot(labels, n_classes):
    out = zeros(len(labels), n_classes)
    for i, label in enumerate(labels):
        out[i][label] = 1.0
    return out


def causal_mask(n):
    out = []
    for i in range(n):
        out.append([])
        for j in range(n):
            out[i].append(j <= i)
    return out


def warmup(steps, warm):
    rates = []
    for t in range(steps):
        rates.append(min(1.0, (t + 1) / warm))
    return rates


def pixel_centres(height, width):
    out = []
    for i in range(height):
        row = []
        for j in range(width):
            x = (j + 0.5) / width * 2 - 1
            y = (i + 0.5) / height * 2 - 1
            row.append([x, y])
        out.append(row)
    return out


def sinusoids(length, dim):
    out = zeros(length, dim)
    for pos in range(length):
        for i in range(0, dim, 2):
            angle = pos / 10000 ** (i / dim)
            out[pos][i] = math.sin(angle)
            out[pos][i + 1] = math.cos(angle)
    return out


# Indexing


def shift_right(tokens, start):
    out = []
    for row in tokens:
        shifted = [start]
        for token in row[:-1]:
            shifted.append(token)
        out.append(shifted)
    return out


def embed(table, tokens):
    out = []
    for row in tokens:
        vectors = []
        for token in row:
            vectors.append(table[token])
        out.append(vectors)
    return out


def picked(scores, labels):
    out = []
    for i, label in enumerate(labels):
        out.append(scores[i][label])
    return out


def last_states(states, lengths):
    out = []
    for i, length in enumerate(lengths):
        out.append(states[i][length - 1])
    return out


def crops(images, tops, lefts, size):
    out = []
    for image, top, left in zip(images, tops, lefts, strict=True):
        crop = []
        for i in range(size):
            crop.append([image[top + i][left + j] for j in range(size)])
        out.append(crop)
    return out


# Masking


def padding_mask(lengths, longest):
    out = []
    for length in lengths:
        row = []
        for position in range(longest):
            row.append(position < length)
        out.append(row)
    return out


def silence(scores, mask):
    out = []
    for row, keep in zip(scores, mask, strict=True):
        out.append([s if k else -math.inf for s, k in zip(row, keep, strict=True)])
    return out


def masked_mean(x, mask):
    out = []
    for row, keep in zip(x, mask, strict=True):
        total, count = 0.0, 0
        for value, real in zip(row, keep, strict=True):
            if real:
                total, count = total + value, count + 1
        out.append(total / count if count else 0.0)
    return out


def first_true(mask):
    out = []
    for row in mask:
        place = -1
        for j, value in enumerate(row):
            if value and place == -1:
                place = j
        out.append(place)
    return out


def pad(flat, lengths, value):
    out, begin = [], 0
    for length in lengths:
        row = list(flat[begin : begin + length])
        while len(row) < max(lengths):
            row.append(value)
        out.append(row)
        begin += length
    return out


# Reducing


def channel_means(images):
    out = []
    for c in range(len(images[0])):
        values = []
        for image in images:
            for row in image[c]:
                values.extend(row)
        out.append(sum(values) / len(values))
    return out


def accuracy(scores, labels):
    right = 0
    for row, label in zip(scores, labels, strict=True):
        if row.index(max(row)) == label:
            right += 1
    return right / len(labels)


def best_so_far(losses):
    out, best = [], math.inf
    for loss in losses:
        best = min(best, loss)
        out.append(best)
    return out


def running_mean(x):
    out = []
    for row in x:
        total, means = 0.0, []
        for n, value in enumerate(row, 1):
            total += value
            means.append(total / n)
        out.append(means)
    return out


def returns(rewards, discount):
    out = [0.0] * len(rewards)
    later = 0.0
    for t in reversed(range(len(rewards))):
        later = rewards[t] + discount * later
        out[t] = later
    return out


# Sorting and ranking


def top_k(scores, k):
    out = []
    for row in scores:
        row, places = list(row), []
        for _ in range(k):
            best = row.index(max(row))
            places.append(best)
            row[best] = -math.inf
        out.append(places)
    return out


def by_length(lengths):
    order = []
    for length in range(max(lengths), -1, -1):
        for i, own in enumerate(lengths):
            if own == length:
                order.append(i)
    return order


def ranks(x):
    out = []
    for value in x:
        smaller = 0
        for other in x:
            if other < value:
                smaller += 1
        out.append(smaller)
    return out


def inverse(permutation):
    out = [0] * len(permutation)
    for i, place in enumerate(permutation):
        out[place] = i
    return out


def nucleus(probs, p):
    out = []
    for row in probs:
        total, keep = 0.0, [False] * len(row)
        for i in top_k([row], len(row))[0]:
            if total < p:
                keep[i] = True
            total += row[i]
        out.append(keep)
    return out
