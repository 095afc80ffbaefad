"""What each drill has to compute, as slow loops over lists: slow, and easy to read. The tests hold every answer against them."""

import math

from part0_drills.loops import show, zeros

__all__ = ["show"]

# Broadcasting


def standardise(images, mean, std):
    out = []
    for image in images:
        channels = []
        for c, channel in enumerate(image):
            channels.append([[(value - mean[c]) / std[c] for value in row] for row in channel])
        out.append(channels)
    return out


def relative(n, furthest):
    out = []
    for i in range(n):
        out.append([])
        for j in range(n):
            out[i].append(max(-furthest, min(furthest, j - i)))
    return out


def rotate(x, angles):
    out = []
    for pairs in x:
        turned = []
        for (a, b), angle in zip(pairs, angles, strict=True):
            cos, sin = math.cos(angle), math.sin(angle)
            turned.append([a * cos - b * sin, a * sin + b * cos])
        out.append(turned)
    return out


def squared_distances(a, b):
    out = zeros(len(a), len(b))
    for i in range(len(a)):
        for j in range(len(b)):
            for p, q in zip(a[i], b[j], strict=True):
                out[i][j] += (p - q) ** 2
    return out


def area(left, top, right, bottom):
    return max(0.0, right - left) * max(0.0, bottom - top)


def iou(a, b):
    out = zeros(len(a), len(b))
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            shared = area(max(p[0], q[0]), max(p[1], q[1]), min(p[2], q[2]), min(p[3], q[3]))
            out[i][j] = shared / (area(*p) + area(*q) - shared)
    return out


# Windows and strides


def contexts(tokens, size):
    inputs, targets = [], []
    for i in range(len(tokens) - size):
        inputs.append(tokens[i : i + size])
        targets.append(tokens[i + size])
    return inputs, targets


def pool(x, size):
    out = []
    for i in range(0, len(x) - size + 1, size):
        out.append(sum(x[i : i + size]) / size)
    return out


def frames(signal, size, hop):
    out, begin = [], 0
    while begin + size <= len(signal):
        out.append(signal[begin : begin + size])
        begin += hop
    return out


def im2col(images, size):
    out = []
    for image in images:
        rows = []
        for top in range(len(image[0]) - size + 1):
            for left in range(len(image[0][0]) - size + 1):
                window = []
                for channel in image:
                    for i in range(size):
                        window.extend(channel[top + i][left : left + size])
                rows.append(window)
        out.append(rows)
    return out


def causal_conv(x, kernel, dilation):
    out = [0.0] * len(x)
    for t in range(len(x)):
        for j, weight in enumerate(kernel):
            if t - j * dilation >= 0:
                out[t] += weight * x[t - j * dilation]
    return out


# Grouping and counting


def counts(labels, n_classes):
    out = [0] * n_classes
    for label in labels:
        out[label] += 1
    return out


def confusion(truth, guess, n_classes):
    out = [[0] * n_classes for _ in range(n_classes)]
    for t, g in zip(truth, guess, strict=True):
        out[t][g] += 1
    return out


def segment_sums(x, segments, n_segments):
    out = zeros(n_segments, len(x[0]))
    for row, segment in zip(x, segments, strict=True):
        for j, value in enumerate(row):
            out[segment][j] += value
    return out


def run_lengths(x):
    values, lengths = [], []
    for value in x:
        if values and values[-1] == value:
            lengths[-1] += 1
        else:
            values.append(value)
            lengths.append(1)
    return values, lengths


def segment_softmax(scores, segments, n_segments):
    highest, total = [-math.inf] * n_segments, [0.0] * n_segments
    for score, segment in zip(scores, segments, strict=True):
        highest[segment] = max(highest[segment], score)
    for score, segment in zip(scores, segments, strict=True):
        total[segment] += math.exp(score - highest[segment])
    out = []
    for score, segment in zip(scores, segments, strict=True):
        out.append(math.exp(score - highest[segment]) / total[segment])
    return out


# Linear algebra


def quadratic(x, matrix):
    out = []
    for row in x:
        total = 0.0
        for i, a in enumerate(row):
            for j, b in enumerate(row):
                total += a * matrix[i][j] * b
        out.append(total)
    return out


def erase(x, direction):
    length2 = sum(d * d for d in direction)
    out = []
    for row in x:
        along = sum(a * d for a, d in zip(row, direction, strict=True)) / length2
        out.append([a - along * d for a, d in zip(row, direction, strict=True)])
    return out


def covariances(x):
    out = []
    for rows in x:
        n, d = len(rows), len(rows[0])
        mean = [sum(row[j] for row in rows) / n for j in range(d)]
        moments = zeros(d, d)
        for row in rows:
            for i in range(d):
                for j in range(d):
                    moments[i][j] += (row[i] - mean[i]) * (row[j] - mean[j]) / n
        out.append(moments)
    return out


def solve(matrix, right):
    """The x with matrix · x = right, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(len(rows)):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def ridge(x, y, strength):
    d = len(x[0])
    matrix, right = zeros(d, d), [0.0] * d
    for row, target in zip(x, y, strict=True):
        for i in range(d):
            right[i] += row[i] * target
            for j in range(d):
                matrix[i][j] += row[i] * row[j]
    for i in range(d):
        matrix[i][i] += strength
    return solve(matrix, right)


def whitened_products(x):
    """The inner product of each two whitened rows: it is the same for every way of whitening."""
    columns = range(len(x[0]))
    mean = [sum(row[j] for row in x) / len(x) for j in columns]
    centred = [[row[j] - mean[j] for j in columns] for row in x]
    covariance, out = covariances([x])[0], []
    for row in centred:
        weights = solve(covariance, row)
        out.append([sum(w * v for w, v in zip(weights, other, strict=True)) for other in centred])
    return out
