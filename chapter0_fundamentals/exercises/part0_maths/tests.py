"""One test per exercise of the first maths lesson; each is called from its cell, and collected by pytest."""

import itertools
import math
import random as python_s_random
from collections import Counter

import numpy as np
import torch

from coach import case, close, holds, judged, raises, without

PRODUCTS = {"matmul", "mm", "mv", "dot", "vdot", "vecdot", "inner", "bmm", "addmm", "addmv", "addbmm", "baddbmm"}
PRODUCTS |= {"multi_dot", "chain_matmul", "einsum", "tensordot", "linear", "bilinear", "matrix_power"}
FACTORISATIONS = {"det", "logdet", "slogdet", "matrix_rank", "svd", "svdvals", "qr", "lu", "lu_factor", "lu_factor_ex"}
FACTORISATIONS |= {"eig", "eigh", "eigvals", "eigvalsh", "inv", "inv_ex", "pinv", "cholesky", "cholesky_ex"}
FACTORISATIONS |= {"ldl_factor", "ldl_factor_ex", "geqrf", "lstsq", "solve", "solve_ex"}


def by_hand(A, B):
    """The product of two matrices, as nested lists."""
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*B, strict=True)] for row in A]


def random(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@judged
def test_xor_weights(xor_weights):
    weights = xor_weights()
    W1, b1, W2, b2 = (w.tolist() for w in weights)
    answers = []
    for x in itertools.product([0.0, 1.0], repeat=2):
        hidden = [max(0.0, sum(w * v for w, v in zip(row, x, strict=True)) + b) for row, b in zip(W1, b1, strict=True)]
        answers.append(sum(w * h for w, h in zip(W2[0], hidden, strict=True)) + b2[0])
    with case(zh="(0,0)、(0,1)、(1,0)、(1,1) 的答案", en="the answers to (0,0), (0,1), (1,0), (1,1)"):
        close(torch.tensor(answers), torch.tensor([0.0, 1, 1, 0]), rtol=0, atol=1e-6)


def slow_mlp(x, weights, biases):
    """Sample by sample, unit by unit."""
    rows = []
    for h in x.double().tolist():
        for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
            h = [
                sum(w * v for w, v in zip(row, h, strict=True)) + c
                for row, c in zip(W.tolist(), b.tolist(), strict=True)
            ]
            h = [max(0.0, v) for v in h] if i + 1 < len(weights) else h
        rows.append(h)
    return torch.tensor(rows)


@judged
def test_mlp_forward(mlp_forward):
    x = torch.tensor([[1.0, -2], [0, 3], [-1, 1]])
    W, b = torch.tensor([[1.0, 2], [3, -4]]), torch.tensor([0.5, -1])
    close(mlp_forward(x, [W], [b]), torch.tensor([[-2.5, 10], [6.5, -13], [1.5, -8]]))  # one layer, by hand
    for widths, batch in (([2, 2, 2], 3), ([5, 4, 7, 3], 6), ([3, 1], 1), ([4, 3, 6, 5, 2], 2)):
        weights = [random(out, inner, seed=out) for inner, out in zip(widths, widths[1:], strict=False)]
        biases = [random(out, seed=out + 9) for out in widths[1:]]
        x = random(batch, widths[0], seed=batch)
        expected = slow_mlp(x, weights, biases)
        close(mlp_forward(x, weights, biases), expected)
    W, b, x = random(3, 3, seed=4), random(3, seed=5), random(4, 3, seed=6)
    with case(zh="三层用同一个矩阵", en="one matrix for three layers"):
        close(mlp_forward(x, [W, W, W], [b, b, b]), slow_mlp(x, [W, W, W], [b, b, b]))
    with case(zh="三层一样宽，偏置不同", en="three layers of one width, each with its own bias"):
        biases = [b, b.flip(0) + 1, 2 - b]
        close(mlp_forward(x, [W, W.T, W], biases), slow_mlp(x, [W, W.T, W], biases))
    with case(zh="大的输入", en="large inputs"):
        close(mlp_forward(1e4 * x, [W, W.T], [b, b]), slow_mlp(1e4 * x, [W, W.T], [b, b]), atol=1)


def slow_gradient_norms(depth, activation, width, seed):
    """Backpropagation by hand in float64, on the draws that the lesson's `deep_net` makes."""
    generator = torch.Generator().manual_seed(seed)
    std = math.sqrt((2 if activation == "relu" else 1) / width)
    h = torch.randn(32, width, generator=generator).double()
    weights = [(std * torch.randn(width, width, generator=generator)).double() for _ in range(depth)]
    inputs, slopes = [], []
    for W in weights:
        inputs.append(h)
        z = h @ W.T
        h, slope = {
            "relu": (z.clamp(min=0), (z > 0).double()),
            "sigmoid": (1 / (1 + (-z).exp()), (-z).exp() / (1 + (-z).exp()) ** 2),
            "tanh": (torch.tanh(z), 1 - torch.tanh(z) ** 2),
        }[activation]
        slopes.append(slope)
    upstream, norms = 2 * h / h.numel(), []
    for W, x, slope in zip(reversed(weights), reversed(inputs), reversed(slopes), strict=True):
        upstream = upstream * slope
        norms.insert(0, (upstream.T @ x).norm())
        upstream = upstream @ W
    return torch.stack(norms).float()


@judged
def test_gradient_norms(gradient_norms):
    for depth, activation, width, seed in ((3, "relu", 8, 1), (5, "sigmoid", 16, 2), (4, "tanh", 8, 3)):
        expected = slow_gradient_norms(depth, activation, width, seed)
        close(gradient_norms(depth, activation, width, seed), expected, rtol=1e-3, atol=0)
    relu, sigmoid = gradient_norms(20, "relu"), gradient_norms(20, "sigmoid")
    with case(zh="20 层的 sigmoid，梯度极小", en="20 layers of sigmoid, and tiny gradients"):
        close(sigmoid, slow_gradient_norms(20, "sigmoid", 64, 0), rtol=1e-2, atol=0)
    holds(
        1e-2 < relu[0] / relu[-1] < 1e2 and sigmoid[0] / sigmoid[-1] < 1e-11,
        zh="20 层时，ReLU 首尾之比应接近 1，sigmoid 的应小于 1e-11",
        en="at 20 layers the first/last ratio should be near 1 for ReLU, below 1e-11 for sigmoid",
    )


@judged
def test_collapse_linear(collapse_linear):
    weights = [torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[0.0, 1], [-1, 2]])]
    biases = [torch.tensor([1.0, -1]), torch.tensor([0.5, 2])]
    close(collapse_linear(weights, biases), (torch.tensor([[3.0, 4], [5, 6]]), torch.tensor([-0.5, -1])))  # by hand
    for widths in ([4, 3, 5, 2], [3, 5, 2, 4, 6, 3]):
        weights = [random(out, inner, seed=out + i) for i, (inner, out) in enumerate(itertools.pairwise(widths))]
        biases = [random(out, seed=out + i + 9) for i, out in enumerate(widths[1:])]
        W, b = collapse_linear(weights, biases)
        for x in (*np.eye(widths[0]), np.zeros(widths[0])):  # where the basis vectors go, and 0
            expected = x
            for layer, bias in zip(weights, biases, strict=True):
                expected = layer.double().numpy() @ expected + bias.double().numpy()
            close(W @ torch.tensor(x).float() + b, torch.tensor(expected).float(), atol=1e-4)
    close(collapse_linear(weights[:1], biases[:1]), (weights[0], biases[0]))


def judge_odd_settings(ablate):
    """Settings and changes that are 0, False, None or empty; small results; a change that changes nothing."""

    def experiment(seed, **now):
        return sum(ord(letter) for letter in repr(sorted(now.items()))) / 7e5 + seed / 1e3

    settings = {"depth": 0, "rate": 1, "Name": "", "bias": False, "extra": None, "steps": 3}
    changes = {"depth": 4, "rate": 0.125, "Name": "B c", "bias": True, "extra": 2, "steps": 3}
    for now, then in ((settings, changes), (changes, settings)):
        expected = {"baseline": [experiment(seed, **now) for seed in (2, 0)]}
        for key, value in then.items():
            expected[f"{key}={value}"] = [experiment(seed, **now | {key: value}) for seed in (2, 0)]
        with case(zh="设置或改动是 0、False、None 或空的", en="where a setting or a change is 0, False, None or empty"):
            close(ablate(experiment, now, then, (2, 0)), expected, rtol=0, atol=1e-9)


@judged
def test_ablate(ablate):
    calls = []

    def experiment(depth, width, name, seed):
        calls.append((depth, width, name, seed))
        return float(1000 * depth + 10 * width + seed + (0.5 if name == "b" else 0))

    settings = {"width": 3, "depth": 2, "name": "a"}
    expected = {
        "baseline": [2034.0, 2031.0],
        "depth=5": [5034.0, 5031.0],
        "width=7": [2074.0, 2071.0],
        "name=b": [2034.5, 2031.5],
    }
    close(ablate(experiment, settings, {"depth": 5, "width": 7, "name": "b"}, [4, 1]), expected)
    holds(
        settings == {"width": 3, "depth": 2, "name": "a"},
        zh="调用改动了传入的 `settings`",
        en="the call changed `settings`",
    )
    with case(zh="`seeds` 只能走一遍时", en="where `seeds` can be walked only once"):
        both = {key: expected[key] for key in ("baseline", "width=7", "name=b")}
        close(ablate(experiment, settings, {"width": 7, "name": "b"}, iter([4, 1])), both)
    with case(zh="没有改动时", en="without changes"):
        close(ablate(experiment, settings, {}, [0]), {"baseline": [2030.0]})
        close(ablate(experiment, settings, {}, []), {"baseline": []})
    with case(zh="种子有重复", en="where a seed occurs twice"):
        calls.clear()
        repeated = [2033.0, 2030.0, 2033.0]
        close(ablate(experiment, settings, {"width": 3}, [3, 0, 3]), {"baseline": repeated, "width=3": repeated})
        zh = f"基线和一项改动，种子 3、0、3：实验应做 6 次，却做了 {len(calls)} 次"
        en = f"a baseline and a change with the seeds 3, 0, 3 are 6 experiments, not {len(calls)}"
        holds(sorted(seed for *_, seed in calls) == [0, 0, 3, 3, 3, 3], zh=zh, en=en)
    judge_odd_settings(ablate)
    calls.clear()
    with case(zh="改动里的名字写错了", en="with a misspelt name among the changes"):
        for changes in ({"depth": 5, "widht": 7}, {"widht": 7, "depth": 5}, {"widht": 7}):
            raises(ValueError, ablate, experiment, settings, changes, [0])
        holds(not calls, zh="不该开始任何实验", en="no experiment should start")
    with case(zh="改动的是 `seed`，它不是一项设置", en="with a change of `seed`, which is no setting"):
        raises(ValueError, ablate, experiment, settings, {"seed": 4}, [0])
        holds(not calls, zh="不该开始任何实验", en="no experiment should start")


def maps_to_judge():
    """(what it is in zh, and in en, map, length of its input, whether it is linear)"""
    W, tilted = random(4, 3, seed=5), torch.tensor([1.0, -2, 3])
    return [
        ("一个矩阵", "a matrix", lambda x: W @ x, 3, True),
        ("大数的矩阵", "a matrix of large numbers", lambda x: 1e6 * (W @ x), 3, True),
        ("小数的矩阵", "a matrix of small numbers", lambda x: 1e-6 * (W @ x), 3, True),
        ("零映射", "zero", lambda x: 0 * x, 2, True),
        ("交换坐标", "a swap of coordinates", lambda x: x.flip(0), 3, True),
        ("一维的恒等映射", "the identity, in one dimension", lambda x: x, 1, True),
        ("仿射：2x + 1", "affine: 2x + 1", lambda x: 2 * x + 1, 3, False),
        ("常数", "a constant", lambda x: tilted, 3, False),
        ("绝对值", "the absolute value", lambda x: x.abs(), 3, False),
        ("很小，但不线性", "tiny, and not linear", lambda x: 1e-6 * x.abs(), 3, False),
        ("很大，而且不线性", "huge, and not linear", lambda x: 1e6 * x.abs(), 3, False),
        ("只沿各轴线性：x0 x1", "linear along each axis only: x0 x1", lambda x: x[:1] * x[1:], 2, False),
        (
            "第一个分量线性，第二个平方",
            "linear in its first component, a square in the second",
            lambda x: torch.stack([x[0], x[1] ** 2]),
            2,
            False,
        ),
        (
            "第一个分量平方，第二个线性",
            "a square in its first component, linear in the second",
            lambda x: torch.stack([x[0] ** 2, x[1]]),
            2,
            False,
        ),
        (
            "两个分量的误差相消",
            "errors that cancel in the sum of the components",
            lambda x: torch.stack([x[0] + x[1] ** 2, x[1] - x[1] ** 2]),
            2,
            False,
        ),
        ("齐次，但不可加", "homogeneous, not additive", lambda x: x**3 / x.square().sum(), 2, False),
        ("长度", "the length", lambda x: x.norm()[None], 3, False),
        ("夹住", "a clamp", lambda x: x.clamp(-1, 1), 3, False),
        ("整数处像恒等映射", "the identity at integers only", lambda x: x + 0.2 * (math.tau * x).sin(), 3, False),
        ("平方根：负数处是 NaN", "the root: NaN of negative numbers", lambda x: x.sqrt(), 3, False),
        ("处处 NaN", "NaN everywhere", lambda x: x * math.nan, 3, False),
    ]


@judged
def test_is_linear(is_linear):
    for zh, en, function, dim_in, expected in maps_to_judge():
        with case(zh=zh, en=en):
            close(is_linear(function, dim_in), expected)
    with case(zh="只在一部分地方弯折", en="bent in some places only"):
        close(is_linear(lambda x: torch.where(x[0] > 0.5, 2 * x, x), 3, 60), False)
    with case(zh="每个轴上都稍稍弯折", en="slightly bent on every axis"):
        close(is_linear(lambda x: x + 0.2 * x.abs(), 3, 60), False)
    with case(zh="`trials` 是 1", en="with 1 trial"):
        close(is_linear(lambda x: x**2 + 1, 3, 1), False)
    few = []
    is_linear(lambda x: few.append(x.clone()) or x, 2, 5)
    zh, en = "`trials` 是 5，却没有试 5 次", "`trials` is 5, and `f` was not tried 5 times"
    holds(len({tuple(x.tolist()) for x in few}) >= 5, zh=zh, en=en)
    seen = []
    is_linear(lambda x: seen.append(x.clone()) or x, 5, 40)
    zh, en = "`f` 的输入应是长度为 `dim_in` 的向量", "`f` takes vectors of length `dim_in`"
    holds({tuple(x.shape) for x in seen} == {(5,)}, zh=zh, en=en)
    zh, en = "`trials` 是 40，却没有试 40 次", "`trials` is 40, and `f` was not tried 40 times"
    holds(len({tuple(x.tolist()) for x in seen}) >= 40, zh=zh, en=en)
    judge_draws(seen)


def judge_draws(seen):
    """Raises `Wrong` if vectors or numbers were drawn once for all of 40 trials on vectors of length 5."""
    drawn = Counter(tuple(x.tolist()) for x in seen if (x != x.round()).any())
    zh, en = (
        "同一个抽来的向量用了许多次：每次试验另抽",
        "one vector is used in trial after trial: draw new ones in each",
    )
    holds(max(drawn.values(), default=0) < 40, zh=zh, en=en)
    zh, en = (
        "试过的向量都在同一个平面上：每次试验另抽",
        "all vectors tried lie in one plane: draw new ones in each trial",
    )
    holds(int(torch.linalg.matrix_rank(torch.stack(seen))) == 5, zh=zh, en=en)
    if len(seen) == 3 * 40:  # perhaps ax + by, x and y, in any order: one of them is a mixture of the others
        trials = torch.stack(seen).double().reshape(40, 3, 5)
        mixture = torch.linalg.lstsq(trials[:, :2].mT, trials[:, 2:].mT).solution[..., 0]
        spread = (mixture.amax(dim=0) - mixture.amin(dim=0)) / mixture.abs().amax(dim=0)
        zh, en = "两个数只抽了一次：每次试验另抽", "the two numbers are drawn only once: draw new ones in each trial"
        holds(bool((spread > 1e-2).any()), zh=zh, en=en)


def judge_product(matmul):
    A, B = [[1.0, -2, 3], [0, 4, -1]], [[2.0, 1], [0, -3], [5, 1]]
    close(matmul(torch.tensor(A), torch.tensor(B)), torch.tensor([[17.0, 10], [-5, -13]]))  # by hand
    A, B = random(4, 3, seed=1), random(3, 5, seed=2)
    close(matmul(A, B), torch.tensor(by_hand(A.tolist(), B.tolist())))
    A, B = random(3, 3, seed=3), random(3, 3, seed=4)
    close(matmul(A, B), torch.tensor(by_hand(A.tolist(), B.tolist())))
    for n, m, size in ((1, 4, 1), (4, 1, 2), (3, 0, 2), (0, 3, 2), (3, 2, 0)):
        A, B = random(n, m, seed=n), random(m, size, seed=m)
        expected = torch.tensor([[sum((A[i] * B[:, j]).tolist(), 0.0) for j in range(size)] for i in range(n)])
        with case(zh=f"({n}, {m}) 乘 ({m}, {size})", en=f"({n}, {m}) times ({m}, {size})"):
            close(matmul(A, B), expected.reshape(n, size))
        with case(zh=f"float64，({n}, {m}) 乘 ({m}, {size})", en=f"float64, ({n}, {m}) times ({m}, {size})"):
            close(matmul(A.double(), B.double()), expected.reshape(n, size).double())
    A, B = random(3, 4, seed=5).double() / 3, random(4, 2, seed=6).double() / 3
    with case(zh="float64 的精度", en="the precision of float64"):
        exact = torch.tensor(by_hand(A.tolist(), B.tolist()), dtype=torch.float64)
        close(matmul(A, B), exact, rtol=1e-9, atol=1e-12)
    without(PRODUCTS, matmul, A := random(4, 3, seed=1), A.T.clone())


@judged
def test_matmul_columns(matmul_columns):
    judge_product(matmul_columns)


@judged
def test_matmul_outer(matmul_outer):
    judge_product(matmul_outer)


@judged
def test_trace(trace):
    close(trace(torch.tensor([[2.0, 7, -1], [4, 5, 9], [8, 3, -3]])), torch.tensor(4.0))
    for n in (5, 2, 1):
        A = random(n, n, seed=n)
        close(trace(A), torch.tensor(sum(A[i, i].item() for i in range(n))))
    A = random(4, 4, seed=3)
    with case(zh="转置的视图（内存不连续）", en="a transposed view, non-contiguous in memory"):
        close(trace(A.T), torch.tensor(sum(A[i, i].item() for i in range(4))))
    with case(zh="空矩阵", en="an empty matrix"):
        close(trace(torch.zeros(0, 0)), torch.tensor(0.0))
        close(trace(torch.zeros(0, 0).double()), torch.tensor(0.0).double())


def leibniz(A):
    """The determinant as a sum over all permutations."""
    n, total = len(A), 0.0
    for order in itertools.permutations(range(n)):
        turned = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        total += (-1) ** turned * math.prod(A[i][order[i]] for i in range(n))
    return total


# (what it is in zh, and in en, matrix)
DETERMINANT_CASES = [
    ("2 乘 2", "2 by 2", [[3.0, 5], [2, -4]]),
    ("角上是 0，换一次行", "0 in the corner, one exchange", [[0.0, 2, 1], [3, 1, -2], [1, 5, 4]]),
    ("换两次行的置换", "a permutation of two exchanges", [[0.0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    ("三角矩阵", "triangular", [[2.0, 5, 7], [0, -3, 1], [0, 0, 4]]),
    ("奇异：两行相同", "singular: two equal rows", [[1.0, 2, 3], [4, 5, 6], [1, 2, 3]]),
    ("有一列全是 0", "a column of zeros", [[1.0, 0, 3], [4, 0, 6], [-7, 0, 2]]),
    ("小，但不奇异", "small, not singular", [[1e-3, 0], [0, 1e-3]]),
    ("两个主元很小，不奇异", "two tiny pivots, not singular", [[4e-7, 1e-7, 0], [-1e-7, 3e-7, 0], [0, 0, 1e8]]),
    ("元素大小悬殊", "entries of very different sizes", [[2e4, 0], [5, 1e-5]]),
    ("角上是 0，下面是负数", "0 in the corner, a negative number below", [[0.0, 1], [-1, 0]]),
    ("很小的主元", "a tiny pivot", [[1e-9, 1, 2], [1, 1, -1], [3, 2, 1]]),
]


@judged
def test_determinant(determinant):
    for zh, en, matrix in DETERMINANT_CASES:
        expected = leibniz(matrix)
        with case(zh=zh, en=en):
            close(determinant(torch.tensor(matrix)), torch.tensor(expected), atol=0 if expected else 1e-5)
    for n in (1, 4, 5):
        A = random(n, n, seed=n)
        close(determinant(A), torch.tensor(leibniz(A.tolist())))
    with case(zh="空矩阵", en="an empty matrix"):
        close(determinant(torch.zeros(0, 0)), torch.tensor(1.0))
        close(determinant(torch.zeros(0, 0).double()), torch.tensor(1.0).double())
    with case(zh="float64，有一列全是 0", en="float64, with a column of zeros"):
        close(determinant(torch.tensor([[2.0, 0], [1, 0]]).double()), torch.tensor(0.0).double())
    with case(zh="[[1e-30]] 的行列式，乘 1e30", en="the determinant of [[1e-30]], times 1e30"):
        close(determinant(torch.tensor([[1e-30]])) * 1e30, torch.tensor(1.0))
    with case(zh="1e-7 I 的行列式，乘 1e14", en="the determinant of 1e-7 I, times 1e14"):
        close(determinant(1e-7 * torch.eye(2)) * 1e14, torch.tensor(1.0))
    without(FACTORISATIONS, determinant, random(3, 3, seed=1))


# (what it is in zh, and in en, matrix, rank)
RANK_CASES = [
    ("单位矩阵", "the identity", [[1.0, 0], [0, 1]], 2),
    ("全是 0", "zeros", [[0.0, 0, 0], [0, 0, 0]], 0),
    ("对角线上是 0", "zeros on the diagonal", [[0.0, 1], [1, 0]], 2),
    ("第一列全是 0", "a first column of zeros", [[0.0, 1, 2], [0, 3, 4]], 2),
    ("只有一个角", "only a corner", [[0.0, 1], [0, 0]], 1),
    ("成比例的行", "proportional rows", [[1.0, -2, 3], [-2, 4, -6]], 1),
    ("一行是另两行之和", "a row that is the sum of two others", [[1.0, 2, 0], [0, 1, 1], [1, 3, 1]], 2),
    ("高", "tall", [[1.0, 2], [3, 4], [5, 6], [7, 8]], 2),
    ("扁", "wide", [[1.0, 2, 3, 4], [2, 4, 6, 9]], 2),
    ("小，但不是 0", "small, not zero", [[1e-6, 0], [0, 2e-6]], 2),
    ("很小，满秩", "tiny, of full rank", [[3e-15, 1e-15], [1e-15, 2e-15]], 2),
    ("很小，秩为 1，差一点舍入", "tiny, of rank 1 up to rounding", [[1e-9, 3e-9], [1e-9 / 3, 1e-9]], 1),
    ("很大，秩为 1，差一点舍入", "large, of rank 1 up to rounding", [[1e6, 3e6], [1e6 / 3, 1e6]], 1),
    ("元素相消，和为 0", "entries that add up to 0", [[1.0, -1], [-1, 1]], 1),
    ("一个元素", "one entry", [[-7.0]], 1),
    ("角上是 0，下面是负数", "0 in the corner, a negative number below", [[0.0, 1], [-1, 0]], 2),
    ("角上是 0，秩为 2", "0 in the corner, of rank 2", [[0.0, 1, 2], [1, 0, 1], [1, 1, 3]], 2),
    (
        "第一列全是 0，其余成比例",
        "a first column of zeros, the rest proportional",
        [[0.0, 1, 2], [0, 2, 4], [0, 3, 6]],
        1,
    ),
]


def true_rank(A):
    """How many singular values are more than 1e-5 of the largest; what comes from float32 is good to 1e-6."""
    values = np.linalg.svd(np.asarray(A, dtype=np.float64), compute_uv=False)
    return int((values > 1e-5 * values.max(initial=0)).sum())


@judged
def test_rank(rank):
    for zh, en, matrix, expected in RANK_CASES:
        with case(zh=zh, en=en):
            close(rank(torch.tensor(matrix)), expected)
    for n, m, r in ((5, 7, 3), (7, 4, 2), (6, 6, 5)):
        A = random(n, r, seed=n) @ random(r, m, seed=m)
        close(rank(A), true_rank(A))
    uneven = torch.tensor([[0.5, 0], [0, -8.0]])
    with case(zh="`tol` 要算数", en="the tolerance counts"):
        close(rank(uneven, 0.1), 1)
        close(rank(-uneven, 0.1), 1)
        close(rank(torch.tensor([[8.0, 8], [8, 8.5]]), 0.1), 1)
        close(rank(uneven, 0.01), 2)
        close(rank(torch.eye(4), 0.6), 4)
        close(rank(torch.eye(4), 0.4), 4)
        close(rank(torch.tensor([[1.0, 0, 0, 0]]), 0.3), 1)
        close(rank(torch.tensor([[0.5, 8], [0, 0.5]]), 0.1), 1)
        close(rank(torch.tensor([[8.0, 0], [0, 0.5]]), 0.1), 1)
        close(rank(torch.tensor([[1.0, 0], [0, 1e-6]]), 0.0), 2)
    with case(zh="恰好等于 `tol` 倍，不算主元", en="exactly `tol` times the largest is no pivot"):
        close(rank(uneven, 0.0625), 1)
    with case(zh="没有行", en="no rows"):
        close(rank(torch.zeros(0, 3)), 0)
    with case(zh="没有列", en="no columns"):
        close(rank(torch.zeros(3, 0)), 0)
    without(FACTORISATIONS, rank, random(3, 4, seed=1))


@judged
def test_change_of_basis(change_of_basis):
    A, basis = torch.tensor([[2.0, 1], [0, 3]]), torch.tensor([[1.0, 1], [0, 1]])
    close(change_of_basis(A, basis), torch.tensor([[2.0, 0], [0, 3]]))  # its eigenvectors make it diagonal
    A, basis = random(4, 4, seed=1), random(4, 4, seed=2)
    got = change_of_basis(A, basis)
    for new in torch.eye(4):  # the same map: by way of the old coordinates, and in the new ones
        close(basis @ (got @ new), A @ (basis @ new), rtol=1e-3, atol=1e-4)
    eigenvalues = [np.sort_complex(np.linalg.eigvals(M.double().numpy())) for M in (got, A)]
    close(eigenvalues[0], eigenvalues[1], rtol=1e-3, atol=1e-3)
    close(change_of_basis(A, torch.eye(4)), A)
    close(change_of_basis(A, 2 * torch.eye(4)), A)  # other units, the same map
    with case(zh="很短的基向量", en="short basis vectors"):
        close(change_of_basis(A, 1e-5 * torch.eye(4)), A)


@judged
def test_identities(identities):
    generator = np.random.default_rng(0)
    inverse, det, tr = np.linalg.inv, np.linalg.det, np.trace
    sides = {
        "tr(A + B) = tr(A) + tr(B)": lambda A, B, C: (tr(A + B), tr(A) + tr(B)),
        "tr(AB) = tr(A) tr(B)": lambda A, B, C: (tr(A @ B), tr(A) * tr(B)),
        "tr(ABC) = tr(BCA)": lambda A, B, C: (tr(A @ B @ C), tr(B @ C @ A)),
        "tr(ABC) = tr(ACB)": lambda A, B, C: (tr(A @ B @ C), tr(A @ C @ B)),
        "(AB)^T = A^T B^T": lambda A, B, C: ((A @ B).T, A.T @ B.T),
        "(AB)^-1 = B^-1 A^-1": lambda A, B, C: (inverse(A @ B), inverse(B) @ inverse(A)),
        "(A + B)^-1 = A^-1 + B^-1": lambda A, B, C: (inverse(A + B), inverse(A) + inverse(B)),
        "(A^-1)^T = (A^T)^-1": lambda A, B, C: (inverse(A).T, inverse(A.T)),
        "det(AB) = det(A) det(B)": lambda A, B, C: (det(A @ B), det(A) * det(B)),
        "det(A + B) = det(A) + det(B)": lambda A, B, C: (det(A + B), det(A) + det(B)),
        "det(2A) = 2 det(A)": lambda A, B, C: (det(2 * A), 2 * det(A)),
        "det(A^-1) = 1 / det(A)": lambda A, B, C: (det(inverse(A)), 1 / det(A)),
    }
    draws = [generator.normal(size=(3, 3, 3)) for _ in range(20)]
    expected = {key: all(np.allclose(*both(*draw)) for draw in draws) for key, both in sides.items()}
    predicted = identities()
    close(sorted(predicted), sorted(expected))
    for key, answer in expected.items():
        zh, en = (
            f"`{key}` 与你猜的不同：用随机矩阵试一次",
            f"`{key}` is not what you guessed: try it on random matrices",
        )
        holds(bool(predicted[key]) is answer, zh=zh, en=en)


@judged
def test_matrix_of_rank(matrix_of_rank):
    before = torch.random.get_rng_state(), np.random.get_state()[1].tolist(), python_s_random.getstate()  # type: ignore
    for n, m, r, seed in ((5, 3, 2, 0), (4, 6, 4, 1), (3, 3, 1, 2), (3, 5, 3, 4), (6, 2, 0, 3), (3, 0, 0, 5)):
        got = matrix_of_rank(n, m, r, seed)
        with case(zh=f"matrix_of_rank({n}, {m}, {r}, {seed})", en=f"matrix_of_rank({n}, {m}, {r}, {seed})"):
            close(tuple(got.shape), (n, m))
            found = true_rank(got)
            holds(found == r, zh=f"它的秩是 {found}", en=f"it has rank {found}")
    again, other = matrix_of_rank(5, 3, 2, 0), matrix_of_rank(5, 3, 2, 7)
    zh, en = "种子不同，矩阵的元素就都该不同", "another seed should change every entry of the matrix"
    holds(bool((other != again).all()), zh=zh, en=en)
    untouched = torch.equal(torch.random.get_rng_state(), before[0])
    zh, en = "全局的随机状态被改动了", "the global random state has changed"
    untouched = untouched and python_s_random.getstate() == before[2]
    holds(untouched and np.random.get_state()[1].tolist() == before[1], zh=zh, en=en)  # type: ignore
    for n, m, r in ((4, 3, 4), (2, 5, 3), (4, 3, -1)):
        raises(ValueError, matrix_of_rank, n, m, r, 0)


@judged
def test_low_rank(low_rank):
    A = torch.tensor([[0.0, 3, 0], [0, 0, 2]])
    close(low_rank(A, 1), torch.tensor([[0.0, 3, 0], [0, 0, 0]]))  # by hand
    for n, m in ((6, 4), (3, 5), (4, 4)):
        A = random(n, m, seed=n)
        U, values, Vh = np.linalg.svd(A.double().numpy(), full_matrices=False)  # no two of the values are alike
        expected = np.zeros((n, m))
        for k in range(min(n, m) + 2):
            close(low_rank(A, k), torch.tensor(expected).float(), rtol=1e-3, atol=1e-4)
            expected = expected + values[k] * np.outer(U[:, k], Vh[k]) if k < min(n, m) else expected


STARTS = {"float64": "another dtype draws other numbers, so the vector may turn to the other side"}


@judged(skip=STARTS)
def test_power_iteration(power_iteration):
    axes = torch.linalg.qr(random(4, 4, seed=3)).Q
    before = torch.random.get_rng_state()
    for spectrum in ([5.0, 2, 1, -0.5], [1.0, -4, 2, 0.3], [2e4, 1e4, 1, 1], [3e-4, -1e-4, 0, 0]):
        A = axes @ torch.diag(torch.tensor(spectrum)) @ axes.T
        value, vector = power_iteration(A, 60, 1)
        largest = float(max(spectrum, key=abs))
        with case(zh="特征值", en="the eigenvalue"):
            close(value, torch.tensor(largest), rtol=1e-3)
        with case(zh="向量的长度", en="the length of the vector"):
            close(vector.norm(), torch.tensor(1.0))
        with case(zh="(Av - λv) / λ", en="(Av - λv) / λ"):
            close((A @ vector - largest * vector) / largest, torch.zeros(4), atol=1e-3)
    with case(zh="矩阵不对称", en="a matrix that is not symmetric"):
        value, vector = power_iteration(torch.tensor([[2.0, 5], [0, 1]]), 60)  # eigenvalues 2 and 1
        close(value, torch.tensor(2.0), rtol=1e-3)
        close(vector.abs(), torch.tensor([1.0, 0]), atol=1e-3)
    for matrix, largest in (([[2.0, -1], [-1, 2]], 3.0), ([[1.0, 0], [0, 5]], 5.0), ([[4.0, 0], [0, 1]], 4.0)):
        with case(zh="起点不可固定：它会正好错过这个方向", en="no fixed start: it would miss this direction"):
            close(power_iteration(torch.tensor(matrix), 60, 2)[0], torch.tensor(largest), rtol=1e-3)
    flat = torch.tensor([[1.0, 0], [0, 0]])  # one multiplication, and the second component is 0
    starts = [power_iteration(flat, 0, seed)[1] for seed in (3, 4)]
    with case(zh="`steps` 是 0 时，向量就是起点", en="with 0 `steps` the vector is the start"):
        close(starts[0].norm(), torch.tensor(1.0))
        holds(starts[0][1] != 0, zh="它已经被乘过了", en="it was multiplied already")
    zh, en = "种子不同，起点却一样：没有用上 `seed`", "two seeds give the same start: `seed` is not used"
    holds(not torch.allclose(starts[0], starts[1]), zh=zh, en=en)
    with case(zh="`steps` 是 1", en="with 1 step"):
        close(power_iteration(flat, 1, 3)[1].abs(), torch.tensor([1.0, 0]))
    tilted = torch.tensor([[1.0, 0.5], [0, 0.9]])
    (_, start), (value, vector) = power_iteration(tilted, 0, 5), power_iteration(tilted, 3, 5)
    third = np.linalg.matrix_power(tilted.double().numpy(), 3) @ start.double().numpy()
    third = third / np.linalg.norm(third)
    with case(zh="`steps` 是 3", en="with 3 steps"):
        close(vector, torch.tensor(third).float())
        close(value, torch.tensor(third @ tilted.double().numpy() @ third).float())
    with case(zh="`steps` 是 3，特征值是负的", en="with 3 steps and negative eigenvalues"):
        close(power_iteration(-tilted, 3, 5)[1], torch.tensor(-third).float())  # three times to the other side
    value, vector = power_iteration(tilted.double(), 2, 5)
    with case(zh="输入为 float64 时", en="on float64"):
        close([str(value.dtype), str(vector.dtype)], ["torch.float64"] * 2)
    zh, en = "全局的随机状态被改动了", "the global random state has changed"
    holds(torch.equal(torch.random.get_rng_state(), before), zh=zh, en=en)


def judge_predicate(predicate, cases):
    """Cases of (what it is in zh, and in en, matrix, expected, atol or nothing)."""
    for zh, en, matrix, expected, *atol in cases:
        with case(zh=zh, en=en):
            close(predicate(torch.as_tensor(matrix, dtype=torch.float32), *atol), expected)


@judged
def test_is_symmetric(is_symmetric):
    S = random(4, 4, seed=1)
    judge_predicate(
        is_symmetric,
        [
            ("对称", "symmetric", [[1, 2, 3], [2, -5, 4], [3, 4, 0]], True),
            ("反对称", "antisymmetric", [[0, 2], [-2, 0]], False),
            ("有一处不同", "one entry off", [[1, 2, 3], [2, -5, 4], [3, 5, 0]], False),
            ("不是方阵", "not square", [[1, 2, 3], [2, 1, 4]], False),
            ("一行", "a row", [[1, 1]], False),
            ("一列", "a column", [[2], [2]], False),
            ("差一点舍入", "symmetric up to rounding", S + S.T + 1e-7 * random(4, 4, seed=2), True),
            ("差相消", "wrong in opposite directions", [[0, 1, 2], [2, 0, 1], [1, 2, 0]], False),
            ("一个数", "one number", [[3]], True),
            ("对角线不同", "different numbers on the diagonal", [[1, 0], [0, -1]], True),
            ("大的元素，误差是绝对的", "large entries: the error is absolute", [[0, 1000], [1000.01, 0]], False),
            ("小的元素，误差是绝对的", "small entries: the error is absolute", [[0, 2e-6], [-3e-6, 0]], True),
            ("比默认容差大一些", "somewhat more than the default tolerance", [[0, 2], [2.002, 0]], False),
            ("容差大", "a large tolerance", [[1, 2.3], [2, 1]], True, 0.5),
            ("差接近容差的两倍", "off by almost twice the tolerance", [[1, 2.9], [2, 1]], False, 0.5),
            ("只有角上差得多", "far off in the corners only", [[0, 1, 2], [1, 0, 3], [3.2, 3, 0]], False, 0.5),
            ("容差大，只差 0.2", "a large tolerance, and 0.2 off", [[1, 2.2], [2, 1]], True, 0.5),
            ("容差是 0，差一点", "tolerance 0, and a little off", [[1, 2e-6], [0, 1]], False, 0.0),
            ("容差是 0，完全对称", "tolerance 0, and quite symmetric", [[1, 0.3], [0.3, 1]], True, 0.0),
            ("恰好等于容差", "exactly the tolerance", [[1, 2.5], [2, 1]], True, 0.5),
            ("几处都在容差之内", "several entries, each within the tolerance", [[0, 1, 2], [1.4, 0, 3], [2.4, 3.4, 0]], True, 0.5),
            ("一处超过容差，其余相同", "one entry beyond the tolerance", [[0, 1, 2], [1, 0, 3], [2.9, 3, 0]], False, 0.5),
        ],
    )  # fmt: skip


def cancelling():
    """Columns of length 1, and two products of columns that add up to 0."""
    x = 0.09 / math.sqrt(1 - 0.09)
    return [[1, 0.3, -0.3], [0, math.sqrt(1 - 0.09), x], [0, 0, math.sqrt(1 - 0.09 - x * x)]]


@judged
def test_is_orthogonal(is_orthogonal):
    Q = torch.linalg.qr(random(5, 5, seed=1)).Q
    judge_predicate(
        is_orthogonal,
        [
            ("任意一个", "any", Q, True),
            ("反射", "a reflection", [[0, 1], [1, 0]], True),
            ("列正交，长度不是 1", "orthogonal columns, not of length 1", [[1, 1], [-1, 1]], False),
            ("列长是 1，不正交", "columns of length 1, not orthogonal", [[1, 0.6], [0, 0.8]], False),
            ("行长、列长都是 1，不正交", "rows and columns of length 1, not orthogonal", [[0.6, 0.8], [0.8, 0.6]], False),
            ("隔一列不正交", "the first and third columns not orthogonal", [[1, 0, 0.6], [0, 0, 0.8], [0, 1, 0]], False),
            ("只缩短一边", "one side shortened", [[0.5, 0], [0, 1]], False),
            ("行列式是 1，不正交", "determinant 1, not orthogonal", [[2, 0], [0, 0.5]], False),
            ("高，列正交归一", "tall with orthonormal columns", [[1, 0], [0, 1], [0, 0]], False),
            ("扁，行正交归一", "wide with orthonormal rows", [[1, 0, 0], [0, 1, 0]], False),
            ("内积相消，和为 0", "products of columns that cancel in the sum", cancelling(), False),
            ("长度相消，和为 0", "lengths that cancel in the sum", [[math.sqrt(1.5), 0], [0, math.sqrt(0.5)]], False),
            ("-1", "-1", [[-1]], True),
            ("全是 0", "zeros", [[0, 0], [0, 0]], False),
            ("容差大", "a large tolerance", [[1.1, 0], [0, 1.0]], True, 0.5),
            ("容差大，缩短", "a large tolerance, and shortened", [[0.75, 0], [0, 0.75]], True, 0.5),
            ("恰好等于容差", "exactly the tolerance", [[1, 0.5], [0, 1]], True, 0.5),
            ("容差是 0，差一点", "tolerance 0, and a little off", [[1, 5e-6], [0, 1]], False, 0.0),
            ("容差是 0，单位矩阵", "tolerance 0, and the identity", [[1, 0], [0, 1]], True, 0.0),
            ("比默认容差长一点", "longer by somewhat more than the default tolerance", [[1, 0], [0, 1 + 7.5e-6]], False),
            ("容差是 0，长了一点", "tolerance 0, and a little too long", [[1, 0], [0, 1 + 1e-6]], False, 0.0),
            ("几处都在容差之内", "several entries, each within the tolerance", [[1.15, 0, 0], [0, 1.15, 0], [0, 0, 1.15]], True, 0.5),
            ("一处超过容差，其余为 0", "one entry beyond the tolerance", [[1.3, 0, 0], [0, 1, 0], [0, 0, 1]], False, 0.5),
            ("一处超过容差很多", "one entry far beyond the tolerance", [[1.34, 0, 0], [0, 1, 0], [0, 0, 1]], False, 0.5),
            ("只有一个元素，超过容差", "a single entry, beyond the tolerance", [[1.34]], False, 0.5),
        ],
    )  # fmt: skip


@judged
def test_is_rotation(is_rotation):
    Q = torch.linalg.qr(random(3, 3, seed=1)).Q
    Q = Q * torch.sign(torch.linalg.det(Q))
    judge_predicate(
        is_rotation,
        [
            ("空间里的旋转", "in space", Q, True),
            ("单位矩阵", "the identity", [[1, 0], [0, 1]], True),
            ("四分之一圈", "a quarter turn", [[0, -1], [1, 0]], True),
            ("半圈", "a half turn", [[-1, 0], [0, -1]], True),
            ("反射", "a reflection", [[1, 0], [0, -1]], False),
            ("剪切，行列式是 1", "a shear, of determinant 1", [[1, 0.7], [0, 1]], False),
            ("旋转，又放大一倍", "a turn that also doubles", [[0, -2], [2, 0]], False),
            ("翻了面的空间", "a mirrored space", -Q, False),
            ("不是方阵", "not square", [[1, 0, 0], [0, 1, 0]], False),
            ("容差大", "a large tolerance", [[1.1, 0], [0, 1.0]], True, 0.5),
            ("容差大，行列式是 1.5", "a large tolerance, of determinant 1.5", 1.15 * torch.eye(3), True, 0.5),
            ("容差大，行列式是 0.4", "a large tolerance, of determinant 0.4", 0.75 * torch.eye(3), True, 0.5),
            ("六维，差一点舍入", "in six dimensions, up to rounding", (1 + 4e-6) * torch.eye(6), True),
            ("容差是 0，差一点", "tolerance 0, and a little off", [[1, 5e-6], [0, 1]], False, 0.0),
            (
                "比默认容差长一点",
                "longer by somewhat more than the default tolerance",
                [[1, 0], [0, 1 + 7.5e-6]],
                False,
            ),
            ("一维的 1", "1 in one dimension", [[1]], True),
            ("一维的 -1", "-1 in one dimension", [[-1]], False),
            ("四维的 -I", "-I in four dimensions", -torch.eye(4), True),
            ("四维的反射", "a reflection in four dimensions", torch.eye(4)[[0, 2, 1, 3]], False),
        ],
    )


@judged(gradients="theta")
def test_rotation_2d(rotation_2d):
    for angle in (-0.4, 2.5, 5.0, -9.0):  # the gradient is taken at the first: sine and cosine both change there
        expected = torch.linalg.matrix_exp(angle * torch.tensor([[0.0, -1], [1, 0]]))
        close(rotation_2d(torch.tensor(angle)), expected)
    close(rotation_2d(torch.tensor(math.pi / 2)), torch.tensor([[0.0, -1], [1, 0]]))  # e1 goes to e2
    third = rotation_2d(torch.tensor(math.tau / 3))
    close(third @ third @ third, torch.eye(2))
