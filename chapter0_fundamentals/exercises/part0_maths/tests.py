"""One test per exercise of the first maths lesson; each is called from its cell, and collected by pytest."""

import itertools
import math

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from coach import close, holds, judged, raises


class Functions(TorchFunctionMode):
    """The names of torch's functions that are called meanwhile."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.names.add(getattr(function, "__name__", "").strip("_").removeprefix("linalg_"))
        return function(*args, **(kwargs or {}))


PRODUCTS = {"matmul", "rmatmul", "mm", "mv", "dot", "vdot", "vecdot", "inner", "bmm", "addmm", "addmv", "addbmm"}
PRODUCTS |= {"baddbmm", "multi_dot", "chain_matmul", "einsum", "tensordot", "linear"}
FACTORISATIONS = {"det", "logdet", "slogdet", "matrix_rank", "svd", "svdvals", "qr", "lu", "lu_factor", "lu_factor_ex"}
FACTORISATIONS |= {"eig", "eigh", "eigvals", "eigvalsh", "inv", "pinv", "cholesky", "ldl_factor"}


def without(forbidden, function, *args):
    """Raises Wrong if `function(*args)` calls a function that it should do without."""
    with Functions() as done:
        function(*args)
    names = ", ".join(sorted(done.names & forbidden))
    holds(not names, zh=f"这一题不用 torch 现成的 `{names}`", en=f"do without torch's own `{names}` here")


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
    close(answers, [0.0, 1.0, 1.0, 0.0], rtol=0, atol=1e-6)  # for (0,0), (0,1), (1,0), (1,1)


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
    for widths, batch in (([2, 2, 2], 3), ([5, 4, 7, 3], 6), ([3, 1], 1)):
        weights = [random(out, inner, seed=out) for inner, out in zip(widths, widths[1:], strict=False)]
        biases = [random(out, seed=out + 9) for out in widths[1:]]
        x = random(batch, widths[0], seed=batch)
        expected = slow_mlp(x, weights, biases)
        close(mlp_forward(x, weights, biases), expected)


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
    widths = [4, 3, 5, 2]
    weights = [random(out, inner, seed=out) for inner, out in zip(widths, widths[1:], strict=False)]
    biases = [random(out, seed=out + 9) for out in widths[1:]]
    x = random(6, 4, seed=0)
    expected = x
    for W, b in zip(weights, biases, strict=True):
        expected = expected @ W.T + b
    W, b = collapse_linear(weights, biases)
    close(x @ W.T + b, expected)
    close(collapse_linear(weights[:1], biases[:1]), (weights[0], biases[0]))


@judged
def test_ablate(ablate):
    calls = []

    def experiment(seed, depth, width, name):
        calls.append((depth, width, name))
        return float(1000 * depth + 10 * width + seed + (0.5 if name == "b" else 0))

    settings = {"depth": 2, "width": 3, "name": "a"}
    expected = {
        "baseline": [2034.0, 2031.0],
        "depth=5": [5034.0, 5031.0],
        "width=7": [2074.0, 2071.0],
        "name=b": [2034.5, 2031.5],
    }
    close(ablate(experiment, settings, {"depth": 5, "width": 7, "name": "b"}, [4, 1]), expected)
    holds(
        settings == {"depth": 2, "width": 3, "name": "a"},
        zh="调用改动了传入的 `settings`",
        en="the call changed `settings`",
    )
    close(
        ablate(experiment, settings, {"width": 7}, iter([4, 1])),
        {key: expected[key] for key in ("baseline", "width=7")},
    )
    close(ablate(experiment, settings, {}, [0]), {"baseline": [2030.0]})
    calls.clear()
    raises(ValueError, ablate, experiment, settings, {"widht": 7}, [0])
    holds(not calls, zh="名字写错了，就不该开始任何实验", en="with a misspelt name no experiment should start")


def maps_to_judge():
    """(what it is, map, length of its input, whether it is linear)"""
    W, tilted = random(4, 3, seed=5), torch.tensor([1.0, -2, 3])
    return [
        ("a matrix", lambda x: W @ x, 3, True),
        ("a matrix of large numbers", lambda x: 1e5 * (W @ x), 3, True),
        ("zero", lambda x: 0 * x, 2, True),
        ("a swap of coordinates", lambda x: x.flip(0), 3, True),
        ("the identity, in one dimension", lambda x: x, 1, True),
        ("affine: 2x + 1", lambda x: 2 * x + 1, 3, False),
        ("a constant", lambda x: tilted, 3, False),
        ("the absolute value", lambda x: x.abs(), 3, False),
        ("tiny, and not linear", lambda x: 1e-6 * x.abs(), 3, False),
        ("linear along each axis only: x0 x1", lambda x: x[:1] * x[1:], 2, False),
        ("linear in its first component, a square in the second", lambda x: torch.stack([x[0], x[1] ** 2]), 2, False),
        ("homogeneous, not additive", lambda x: x**3 / x.square().sum(), 2, False),
        ("the length", lambda x: x.norm()[None], 3, False),
        ("a clamp", lambda x: x.clamp(-1, 1), 3, False),
    ]


@judged
def test_is_linear(is_linear):
    for name, function, dim_in, expected in maps_to_judge():
        got = is_linear(function, dim_in)
        en = f"{name}: expected {expected}"
        holds(got is expected, zh=f"{name}：应为 {expected}", en=en)
    seen = []
    is_linear(lambda x: seen.append(x.clone()) or x, 5, trials=4)
    holds(
        {tuple(x.shape) for x in seen} == {(5,)},
        zh="`f` 的输入应是长度为 `dim_in` 的向量",
        en="`f` takes vectors of length `dim_in`",
    )


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
        close(matmul(A, B), expected.reshape(n, size))
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
    A = random(5, 5, seed=1)
    close(trace(A), torch.tensor(sum(A[i, i].item() for i in range(5))))
    close(trace(torch.zeros(0, 0)), torch.tensor(0.0))


def leibniz(A):
    """The determinant as a sum over all permutations."""
    n, total = len(A), 0.0
    for order in itertools.permutations(range(n)):
        turned = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        total += (-1) ** turned * math.prod(A[i][order[i]] for i in range(n))
    return total


# (what it is, matrix)
DETERMINANT_CASES = [
    ("2 by 2", [[3.0, 5], [2, -4]]),
    ("0 in the corner, one exchange", [[0.0, 2, 1], [3, 1, -2], [1, 5, 4]]),
    ("a permutation of two exchanges", [[0.0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    ("triangular", [[2.0, 5, 7], [0, -3, 1], [0, 0, 4]]),
    ("singular: two equal rows", [[1.0, 2, 3], [4, 5, 6], [1, 2, 3]]),
    ("a column of zeros", [[1.0, 0, 3], [4, 0, 6], [-7, 0, 2]]),
    ("small, not singular", [[1e-3, 0], [0, 1e-3]]),
    ("a tiny pivot", [[1e-9, 1, 2], [1, 1, -1], [3, 2, 1]]),
]


@judged
def test_determinant(determinant):
    for name, matrix in DETERMINANT_CASES:
        expected = leibniz(matrix)
        got = determinant(torch.tensor(matrix))
        wrong = abs(got.item() - expected) > 1e-4 * abs(expected) + (0 if expected else 1e-5)
        told = f"{got.item():.4g}"
        holds(
            not wrong,
            zh=f"{matrix}：应为 {expected:.4g}，得到 {told}",
            en=f"{name}, {matrix}: expected {expected:.4g}, got {told}",
        )
    for n in (1, 4, 5):
        A = random(n, n, seed=n)
        close(determinant(A), torch.tensor(leibniz(A.tolist())))
    close(determinant(torch.zeros(0, 0)), torch.tensor(1.0))
    without(FACTORISATIONS, determinant, random(3, 3, seed=1))


# (what it is, matrix, rank)
RANK_CASES = [
    ("the identity", [[1.0, 0], [0, 1]], 2),
    ("zeros", [[0.0, 0, 0], [0, 0, 0]], 0),
    ("zeros on the diagonal", [[0.0, 1], [1, 0]], 2),
    ("a first column of zeros", [[0.0, 1, 2], [0, 3, 4]], 2),
    ("only a corner", [[0.0, 1], [0, 0]], 1),
    ("proportional rows", [[1.0, -2, 3], [-2, 4, -6]], 1),
    ("a row that is the sum of two others", [[1.0, 2, 0], [0, 1, 1], [1, 3, 1]], 2),
    ("tall", [[1.0, 2], [3, 4], [5, 6], [7, 8]], 2),
    ("wide", [[1.0, 2, 3, 4], [2, 4, 6, 9]], 2),
    ("small, not zero", [[1e-6, 0], [0, 2e-6]], 2),
    ("large, of rank 1 up to rounding", [[1e6, 3e6], [1e6 / 3, 1e6]], 1),
    ("one entry", [[-7.0]], 1),
]


@judged
def test_rank(rank):
    for name, matrix, expected in RANK_CASES:
        got = rank(torch.tensor(matrix))
        holds(
            got == expected,
            zh=f"{matrix}：秩应为 {expected}，得到 {got}",
            en=f"{name}, {matrix}: rank {expected} expected, got {got}",
        )
    for n, m, r in ((5, 7, 3), (7, 4, 2), (6, 6, 5)):
        A = random(n, r, seed=n) @ random(r, m, seed=m)
        close(rank(A), int(np.linalg.matrix_rank(A.double().numpy(), tol=1e-4)))
    close(rank(torch.diag(torch.tensor([1.0, 0.01])), 0.1), 1)  # the tolerance counts
    close(rank(torch.zeros(0, 3)), 0)
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
        holds(predicted[key] is answer, zh=zh, en=en)


@judged
def test_matrix_of_rank(matrix_of_rank):
    before = torch.random.get_rng_state()
    for n, m, r, seed in ((5, 3, 2, 0), (4, 6, 4, 1), (3, 3, 1, 2), (6, 2, 0, 3)):
        got = matrix_of_rank(n, m, r, seed)
        found = int(np.linalg.matrix_rank(got.double().numpy(), tol=1e-4))
        told = f"matrix_of_rank({n}, {m}, {r}, {seed})"
        holds(found == r, zh=f"{told} 的秩是 {found}", en=f"{told} has rank {found}")
        holds(
            bool((got != 0).all()) or r == 0, zh="应是随机的矩阵，不该有 0", en="it should be random all over: no zeros"
        )
    holds(
        torch.equal(torch.random.get_rng_state(), before),
        zh="全局的随机状态被改动了",
        en="the global random state has changed",
    )
    other, again = matrix_of_rank(5, 3, 2, 7), matrix_of_rank(5, 3, 2, 0)
    holds(not torch.allclose(other, again), zh="种子不同，矩阵却一样", en="two seeds give the same matrix")
    raises(ValueError, matrix_of_rank, 4, 3, 4, 0)
    raises(ValueError, matrix_of_rank, 4, 3, -1, 0)


@judged
def test_low_rank(low_rank):
    A = torch.tensor([[0.0, 3, 0], [0, 0, 2]])
    close(low_rank(A, 1), torch.tensor([[0.0, 3, 0], [0, 0, 0]]))  # by hand
    for n, m in ((6, 4), (3, 5), (4, 4)):
        A = random(n, m, seed=n)
        values = np.linalg.svd(A.double().numpy(), compute_uv=False)
        for k in range(min(n, m) + 1):
            got = low_rank(A, k)
            found = int(np.linalg.matrix_rank(got.double().numpy(), tol=1e-4))
            holds(found <= k, zh=f"秩应不超过 {k}，得到 {found}", en=f"rank at most {k} expected, got {found}")
            error = float((A - got).double().square().sum())
            bound = float((values[k:] ** 2).sum())
            told = f"{error:.4f}", f"{bound:.4f}"
            zh, en = (
                f"k = {k}：误差的平方是 {told[0]}，应为 {told[1]}",
                f"k = {k}: the squared error is {told[0]}, and should be {told[1]}",
            )
            holds(abs(error - bound) < 1e-3, zh=zh, en=en)


@judged
def test_power_iteration(power_iteration):
    axes = torch.linalg.qr(random(4, 4, seed=3)).Q
    for spectrum in ([5.0, 2, 1, -0.5], [1.0, -4, 2, 0.3], [2e4, 1e4, 1, 1], [3e-4, -1e-4, 0, 0]):
        A = axes @ torch.diag(torch.tensor(spectrum)) @ axes.T
        value, vector = power_iteration(A, 60, 1)
        largest = float(max(spectrum, key=abs))
        close(value, torch.tensor(largest), rtol=1e-3)
        close(vector.norm(), torch.tensor(1.0))
        close((A @ vector - largest * vector) / largest, torch.zeros(4), atol=1e-3)
    lopsided = torch.tensor([[2.0, 5], [0, 1]])  # not symmetric: eigenvalues 2 and 1
    value, vector = power_iteration(lopsided, 60)
    close(value, torch.tensor(2.0), rtol=1e-3)
    close(vector.abs(), torch.tensor([1.0, 0]), atol=1e-3)
    early = torch.diag(torch.tensor([1.0, 0.9]))
    angles = [power_iteration(early, steps)[1] for steps in (1, 5)]
    ratios = [float((v[1] / v[0]).abs()) for v in angles]
    zh, en = "多迭代四步，误差应缩小到 0.9 的四次方", "four steps more should shrink the error by 0.9 to the fourth"
    holds(abs(ratios[1] / ratios[0] - 0.9**4) < 1e-3, zh=zh, en=en)


def judge_predicate(predicate, cases):
    for name, matrix, expected in cases:
        matrix = torch.as_tensor(matrix, dtype=torch.float32)
        got = predicate(matrix)
        told = matrix.tolist() if matrix.numel() < 10 else tuple(matrix.shape)
        holds(got is expected, zh=f"{told}：应为 {expected}", en=f"{name}, {told}: expected {expected}")


@judged
def test_is_symmetric(is_symmetric):
    S = random(4, 4, seed=1)
    judge_predicate(
        is_symmetric,
        [
            ("symmetric", [[1, 2, 3], [2, -5, 4], [3, 4, 0]], True),
            ("antisymmetric", [[0, 2], [-2, 0]], False),
            ("one entry off", [[1, 2, 3], [2, -5, 4], [3, 5, 0]], False),
            ("not square", [[1, 2, 3], [2, 1, 4]], False),
            ("a row", [[1, 1]], False),
            ("symmetric up to rounding", S + S.T + 1e-7 * random(4, 4, seed=2), True),
            ("wrong in opposite directions", [[0, 1, 2], [2, 0, 1], [1, 2, 0]], False),
            ("one number", [[3]], True),
        ],
    )
    close(is_symmetric(torch.tensor([[1.0, 2.3], [2.0, 1]]), 0.5), True)  # the tolerance counts


@judged
def test_is_orthogonal(is_orthogonal):
    Q = torch.linalg.qr(random(5, 5, seed=1)).Q
    judge_predicate(
        is_orthogonal,
        [
            ("any", Q, True),
            ("a reflection", [[0, 1], [1, 0]], True),
            ("orthogonal columns, not of length 1", [[1, 1], [-1, 1]], False),
            ("columns of length 1, not orthogonal", [[1, 0.6], [0, 0.8]], False),
            ("determinant 1, not orthogonal", [[2, 0], [0, 0.5]], False),
            ("tall with orthonormal columns", [[1, 0], [0, 1], [0, 0]], False),
            ("wide with orthonormal rows", [[1, 0, 0], [0, 1, 0]], False),
            ("off diagonal entries that cancel in the sum", [[1, 0.3, 0], [0, 1, -0.3], [0, 0, 1]], False),
            ("-1", [[-1]], True),
        ],
    )
    close(is_orthogonal(torch.tensor([[1.1, 0], [0, 1.0]]), 0.5), True)  # the tolerance counts


@judged
def test_is_rotation(is_rotation):
    Q = torch.linalg.qr(random(3, 3, seed=1)).Q
    Q = Q * torch.sign(torch.linalg.det(Q))
    judge_predicate(
        is_rotation,
        [
            ("in space", Q, True),
            ("the identity", [[1, 0], [0, 1]], True),
            ("a quarter turn", [[0, -1], [1, 0]], True),
            ("a reflection", [[1, 0], [0, -1]], False),
            ("a shear, of determinant 1", [[1, 0.7], [0, 1]], False),
            ("a turn that also doubles", [[0, -2], [2, 0]], False),
            ("a mirrored space", -Q, False),
            ("not square", [[1, 0, 0], [0, 1, 0]], False),
        ],
    )
    close(is_rotation(torch.tensor([[1.1, 0], [0, 1.0]]), 0.5), True)  # the tolerance counts


@judged(gradients="theta")
def test_rotation_2d(rotation_2d):
    close(rotation_2d(torch.tensor(math.pi / 2)), torch.tensor([[0.0, -1], [1, 0]]))  # e1 goes to e2
    expected = torch.linalg.matrix_exp(-0.4 * torch.tensor([[0.0, -1], [1, 0]]))
    close(rotation_2d(torch.tensor(-0.4)), expected)
    third = rotation_2d(torch.tensor(math.tau / 3))
    close(third @ third @ third, torch.eye(2))
