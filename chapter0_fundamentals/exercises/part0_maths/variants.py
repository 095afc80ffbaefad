"""Right answers to the first maths lesson, written in other ways: the tests accept them all."""

import functools
import itertools

import numpy as np
import torch

from coach import variant
from part0_maths import solutions


@variant("xor_weights")
def by_differences():
    W1 = torch.tensor([[1.0, -1], [-1, 1]])  # one unit for each of the two ways to differ
    return W1, torch.zeros(2), torch.ones(1, 2), torch.zeros(1)


@variant("xor_weights")
def from_the_top():
    W1 = torch.tensor([[-1.0, -1], [1.0, 1]])  # 1 for no ones at all; one less than the number of ones
    return W1, torch.tensor([1.0, -1]), torch.tensor([[-1.0, -1]]), torch.tensor([1.0])


@variant("xor_weights")
def with_parameters():
    layers = torch.nn.Linear(2, 2, dtype=torch.float64), torch.nn.Linear(2, 1, dtype=torch.float64)
    with torch.no_grad():
        for layer, values in zip(layers, ([[2.0, 2], [2, 2]], [[0.5, -1]]), strict=True):
            layer.weight.copy_(torch.tensor(values))
            layer.bias.copy_(torch.tensor([0.0, -2] if layer is layers[0] else [0.0]))
    return layers[0].weight, layers[0].bias, layers[1].weight, layers[1].bias


@variant("xor_weights")
def a_list():
    return list(solutions.xor_weights())


@variant("mlp_forward")
def by_linear(x, weights, biases):
    *inner, last = zip(weights, biases, strict=True)
    for W, b in inner:
        x = torch.nn.functional.relu(torch.nn.functional.linear(x, W, b))
    return torch.nn.functional.linear(x, *last)


@variant("mlp_forward")
def recursively(x, weights, biases):
    h = torch.einsum("bi,oi->bo", x, weights[0]) + biases[0]
    return recursively(h.clamp(min=0), weights[1:], biases[1:]) if len(weights) > 1 else h


@variant("mlp_forward")
def samples_as_columns(x, weights, biases):
    h = x.T
    for i in range(len(weights)):
        h = weights[i] @ h + biases[i][:, None]
        if i + 1 != len(weights):
            h = torch.where(h > 0, h, 0.0)
    return h.T


@variant("mlp_forward")
def by_sequential(x, weights, biases):
    layers = []
    for W, b in zip(weights, biases, strict=True):
        layer = torch.nn.Linear(*W.T.shape, dtype=W.dtype)
        layer.load_state_dict({"weight": W, "bias": b})
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])(x)


@variant("mlp_forward")
def sample_by_sample(x, weights, biases):
    answers = []
    for h in x:
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(W @ h + b)
        answers.append(weights[-1] @ h + biases[-1])
    return torch.stack(answers)


@variant("gradient_norms")
def by_backward(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    for W in weights:
        W.requires_grad = True
        h = getattr(torch.nn.functional, activation)(torch.nn.functional.linear(h, W))
    (h**2).mean().backward()
    return torch.tensor([W.grad.norm() for W in weights])  # type: ignore


@variant("gradient_norms")
def by_parameters(depth, activation, width=64, seed=0):
    x, weights = solutions.deep_net(depth, activation, width, seed)
    weights = torch.nn.ParameterList(weights)
    h = x.T
    for W in weights:
        h = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[activation](W @ h)
    found = torch.autograd.grad((h * h).sum() / h.numel(), list(weights))
    return torch.linalg.vector_norm(torch.stack(found), dim=(1, 2))


@variant("gradient_norms")
def by_hand(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    inputs, slopes, norms = [], [], torch.zeros(depth)
    for W in weights:
        inputs.append(h)
        h = getattr(torch, activation)(h @ W.T)
        slopes.append({"relu": (h > 0).float(), "sigmoid": h * (1 - h), "tanh": 1 - h**2}[activation])
    upstream = 2 * h / h.numel()
    for i in reversed(range(depth)):
        upstream = upstream * slopes[i]
        norms[i] = (upstream.T @ inputs[i]).square().sum().sqrt()
        upstream = upstream @ weights[i]
    return norms


@variant("collapse_linear")
def by_the_basis(weights, biases):
    def net(x):
        for W, b in zip(weights, biases, strict=True):
            x = x @ W.T + b
        return x

    basis = torch.eye(weights[0].shape[1], dtype=weights[0].dtype)
    b = net(torch.zeros_like(basis[0]))
    return (net(basis) - b).T, b


@variant("collapse_linear")
def from_the_last_layer(weights, biases):
    W, b = torch.eye(len(biases[-1]), dtype=biases[-1].dtype), torch.zeros_like(biases[-1])
    for layer, bias in zip(reversed(weights), reversed(biases), strict=True):
        b = b + W @ bias
        W = W @ layer
    return W, b


@variant("collapse_linear")
def with_one_coordinate_more(weights, biases):
    def affine(W, b):
        last = torch.zeros(1, W.shape[1] + 1, dtype=W.dtype)
        last[0, -1] = 1
        return torch.cat([torch.cat([W, b[:, None]], dim=1), last])

    product = functools.reduce(lambda first, then: then @ first, map(affine, weights, biases))
    return product[:-1, :-1], product[:-1, -1]


@variant("collapse_linear")
def a_list_of_both(weights, biases):
    return list(solutions.collapse_linear(weights, biases))


class Ablation:
    """An answer may be an object."""

    def __call__(self, experiment, settings, changes, seeds):
        return solutions.ablate(experiment, settings, changes, seeds)


variant("ablate", Ablation(), name="an_object")


@variant("ablate")
def with_a_loop(experiment, settings, changes, seeds):
    for key in changes:
        if key not in settings:
            raise ValueError
    seeds, found = tuple(seeds), {}
    found["baseline"] = [experiment(**settings, seed=seed) for seed in seeds]
    for key, value in changes.items():
        changed = settings.copy()
        changed[key] = value
        found[f"{key}={value}"] = []
        for seed in seeds:
            found[f"{key}={value}"].append(experiment(**changed, seed=seed))
    return found


@variant("ablate")
def seed_by_seed(experiment, settings, changes, seeds):
    assert_known(settings, changes)
    variants = {"baseline": {}} | {f"{key}={value}": {key: value} for key, value in changes.items()}
    found = {name: [] for name in variants}
    for seed in seeds:
        for name, change in variants.items():
            found[name].append(experiment(**{**settings, **change, "seed": seed}))
    return found


def assert_known(settings, changes):
    if not changes.keys() <= settings.keys():
        raise ValueError(f"not among {list(settings)}: {changes.keys() - settings.keys()}")


@variant("is_linear")
def sums_and_multiples(f, dim_in, trials=10):
    for _ in range(trials):
        x, y, a = torch.randn(dim_in), torch.randn(dim_in), float(torch.randn(1))
        for left, right in ((f(x + y), f(x) + f(y)), (f(a * x), a * f(x))):
            if left.isnan().any() or (left - right).norm() > 1e-3 * (f(x).norm() + f(y).norm()):
                return False
    return True


@variant("is_linear")
def against_its_matrix(f, dim_in, trials=10):
    matrix = torch.stack([f(e) for e in torch.eye(dim_in)], dim=1)
    inputs = [torch.randn(dim_in) for _ in range(trials)]
    errors = [(f(x) - matrix @ x).abs().max() for x in inputs]
    return all(
        bool(error <= 1e-4 * (matrix.abs() @ x.abs()).max()) for error, x in zip(errors, inputs, strict=True)
    ) and not bool(matrix.isnan().any())


@variant("is_linear")
def uniform_numbers(f, dim_in, trials=10):
    agreed = []
    for _ in range(trials):
        x, y = 2 * torch.rand(2, dim_in) - 1
        a, b = np.random.uniform(-2, 2, size=2).tolist()
        left, right = f(a * x + b * y), a * f(x) + b * f(y)
        agreed.append((left - right).norm() <= 1e-4 * (left.norm() + f(x).norm() + f(y).norm()))
    return bool(torch.stack(agreed).all())


@variant("is_linear")
def mixed_last(f, dim_in, trials=10):
    found = True
    for x, y, a, b in zip(*torch.randn(2, trials, dim_in), *torch.randn(2, trials), strict=True):
        first, second = a * f(x), b * f(y)
        both = f(a * x + b * y)
        size = max(float(part.abs().max()) for part in (both, first, second))
        found = found and float((both - first - second).abs().max()) <= 1e-4 * size
    return found


@variant("is_linear")
def by_a_generator_of_its_own(f, dim_in, trials=10):
    chance = torch.Generator().manual_seed(3)
    for _ in range(trials):
        x, y = torch.randn(dim_in, generator=chance), torch.randn(dim_in, generator=chance)
        a, b = torch.randn(2, generator=chance).tolist()
        parts = torch.stack([f(a * x + b * y), -a * f(x), -b * f(y)])
        if not bool((parts.sum(dim=0).abs() <= 1e-4 * parts.abs().max()).all()):
            return False
    return True


@variant("is_linear")
def a_tensor_of_truth(f, dim_in, trials=10):
    return torch.tensor(solutions.is_linear(f, dim_in, trials))


@variant("matmul_columns")
@variant("matmul_outer")
def three_loops(A, B):
    product = A.new_zeros(A.shape[0], B.shape[1])
    for i, j, k in itertools.product(range(A.shape[0]), range(B.shape[1]), range(A.shape[1])):
        product[i, j] += A[i, k] * B[k, j]
    return product


@variant("matmul_columns")
@variant("matmul_outer")
def all_products_at_once(A, B):
    return (A[:, :, None] * B[None]).sum(dim=1)


@variant("matmul_columns")
def stacked_columns(A, B):
    columns = [
        sum((B[k, j] * A[:, k] for k in range(len(B))), torch.zeros_like(A[:, :1]).sum(1)) for j in range(B.shape[1])
    ]
    return torch.stack(columns, dim=1) if columns else A.new_zeros(len(A), 0)


@variant("matmul_columns")
def by_numpy_s_sums(A, B):
    product = np.zeros((A.shape[0], B.shape[1]), dtype=A.numpy().dtype)
    for j, column in enumerate(B.numpy().T):
        product[:, j] = (A.numpy() * column).sum(axis=1)
    return torch.from_numpy(product)


@variant("matmul_outer")
def by_outer(A, B):
    product = torch.zeros((len(A), B.shape[1]), dtype=A.dtype)
    for column, row in zip(A.T, B, strict=True):
        product += torch.outer(column, row)
    return product


@variant("matmul_outer")
def sum_from_zeros(A, B):
    terms = (A[:, k].unsqueeze(1) * B[k].unsqueeze(0) for k in range(A.shape[1]))
    return sum(terms, start=torch.zeros(A.shape[0], B.shape[1]).to(A))


@variant("trace")
def by_indices(A):
    every = torch.arange(len(A))
    return A[every, every].sum()


@variant("trace")
def by_a_loop(A):
    total = torch.zeros((), dtype=A.dtype)
    for i in range(len(A)):
        total = total + A[i, i]
    return total


@variant("trace")
def masked(A):
    return (A * torch.eye(len(A), dtype=A.dtype)).sum()


variant("trace", torch.trace, name="torch_s_own")
variant("trace", functools.partial(torch.einsum, "ii->"), name="a_partial")


@variant("determinant")
def by_expansion(A):
    if len(A) == 0:
        return A.new_ones(())
    minors = [torch.cat([A[1:, :j], A[1:, j + 1 :]], dim=1) for j in range(len(A))]
    return torch.stack([(-1) ** j * A[0, j] * by_expansion(minors[j]) for j in range(len(A))]).sum()


@variant("determinant")
def by_rows(A):
    rows, det = [row.clone() for row in A], torch.tensor(1.0, dtype=A.dtype)
    for j in range(len(rows)):
        pivot = max(range(j, len(rows)), key=lambda i: abs(rows[i][j]))
        if rows[pivot][j] == 0:
            return torch.tensor(0.0, dtype=A.dtype)
        if pivot > j:
            rows[j], rows[pivot] = rows[pivot], rows[j]
            det *= -1
        det *= rows[j][j]
        for i in range(j + 1, len(rows)):
            rows[i] = rows[i] - rows[i][j] / rows[j][j] * rows[j]
    return det


@variant("determinant")
def in_python_numbers(A):
    U, det = A.tolist(), 1.0
    for j in range(len(U)):
        pivot = max(range(j, len(U)), key=lambda i: abs(U[i][j]))
        U[j], U[pivot] = U[pivot], U[j]
        det = -det if pivot != j else det
        det *= U[j][j]
        for i in range(j + 1, len(U) if U[j][j] else 0):
            factor = U[i][j] / U[j][j]
            U[i] = [a - factor * b for a, b in zip(U[i], U[j], strict=True)]
    return torch.tensor(det, dtype=A.dtype)


@variant("determinant")
def by_columns(A):
    return solutions.determinant(A.T)


@variant("rank")
def a_tensor_of_the_rank(A, tol=1e-4):
    return torch.tensor(solutions.rank(A, tol))


@variant("rank")
def with_pivots_from_everywhere(A, tol=1e-4):
    U, found = A.clone().double(), 0
    largest = U.abs().max() if U.numel() else 0
    while found < min(U.shape) and U[found:, found:].abs().max() > tol * largest:
        i, j = divmod(int(U[found:, found:].abs().argmax()), U.shape[1] - found)
        U[[found, found + i]] = U[[found + i, found]]
        U[:, [found, found + j]] = U[:, [found + j, found]]
        U[found + 1 :] -= torch.outer(U[found + 1 :, found] / U[found, found], U[found])
        found += 1
    return found


@variant("rank")
def of_the_transpose(A, tol=1e-4):
    return solutions.rank(A.T, tol=tol)


@variant("rank")
def in_python(A, tol=1e-4):
    rows, found = [row for row in A.numpy().astype(float)], 0
    zero = tol * max((abs(float(v)) for v in A.flatten()), default=0.0)
    for j in range(A.shape[1]):
        best = max(range(found, len(rows)), key=lambda i: abs(rows[i][j]), default=None)
        if best is None or abs(rows[best][j]) <= zero:
            continue
        rows[found], rows[best] = rows[best], rows[found]
        for i in range(found + 1, len(rows)):
            rows[i] = rows[i] - rows[i][j] / rows[found][j] * rows[found]
        found += 1
    return found


@variant("rank")
def bound_as_a_number(A, tol=1e-4):
    if A.numel() == 0:
        return 0
    M, found, bound = A.clone(), 0, tol * A.abs().max().item()
    for column in range(M.shape[1]):
        rest = M[found:, column].abs().tolist()
        if max(rest, default=0.0) > bound:
            p = found + rest.index(max(rest))
            M[[found, p]] = M[[p, found]]
            M[found + 1 :] -= torch.outer(M[found + 1 :, column] / M[found, column], M[found])
            found += 1
    return found


@variant("rank")
def row_by_row(A, tol=1e-4):
    rows, zero, found = list(A.clone()), tol * A.abs().max() if A.numel() else 0, 0
    while rows and A.numel():
        rest = torch.stack(rows)
        i, j = divmod(int(rest.abs().argmax()), rest.shape[1])
        if rest[i, j].abs() <= zero:
            break
        rows, found = [row - row[j] / rest[i, j] * rest[i] for n, row in enumerate(rest) if n != i], found + 1
    return found


@variant("change_of_basis")
def by_the_inverse(A, basis):
    return torch.linalg.inv(basis) @ A @ basis


@variant("change_of_basis")
def vector_by_vector(A, basis):
    images = [torch.linalg.solve(basis, A @ basis[:, j]) for j in range(basis.shape[1])]
    return torch.stack(images, dim=1)


@variant("change_of_basis")
def by_numpy_s_inverse(A, basis):
    P = basis.numpy()
    return torch.from_numpy(np.linalg.inv(P).dot(A.numpy()).dot(P))


@variant("identities")
def written_out():
    truths = [True, False, True, False, False, True, False, True, True, False, False, True]
    return dict(zip(solutions.IDENTITIES, truths, strict=True))


@variant("identities")
def by_trial():
    A, B, C = torch.randn(3, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    tr, det, inv = torch.trace, torch.linalg.det, torch.linalg.inv
    differences = [
        tr(A + B) - tr(A) - tr(B),
        tr(A @ B) - tr(A) * tr(B),
        tr(A @ B @ C) - tr(B @ C @ A),
        tr(A @ B @ C) - tr(A @ C @ B),
        (A @ B).T - A.T @ B.T,
        inv(A @ B) - inv(B) @ inv(A),
        inv(A + B) - inv(A) - inv(B),
        inv(A).T - inv(A.T),
        det(A @ B) - det(A) * det(B),
        det(A + B) - det(A) - det(B),
        det(2 * A) - 2 * det(A),
        det(inv(A)) - 1 / det(A),
    ]
    held = [(d.abs() < 1e-6).all() for d in differences]
    return {identity: answer for identity, answer in zip(solutions.IDENTITIES, held, strict=True)}


@variant("matrix_of_rank")
def draws_of_numpy(n, m, r, seed):
    if r < 0 or r > n or r > m:
        raise ValueError
    draws = np.random.default_rng(seed)
    return torch.tensor(draws.normal(size=(n, r)) @ draws.normal(size=(r, m)), dtype=torch.float32)


@variant("matrix_of_rank")
def sum_of_outer_products(n, m, r, seed):
    if r not in range(min(n, m) + 1):
        raise ValueError(f"no {n} by {m} matrix has rank {r}")
    generator, A = torch.Generator(), torch.zeros(n, m)
    generator.manual_seed(seed)
    for _ in range(r):
        A += torch.outer(torch.randn(n, generator=generator), torch.rand(m, generator=generator))
    return A


@variant("matrix_of_rank")
def small_values_set_to_zero(n, m, r, seed):
    if not 0 <= r <= min(n, m):
        raise ValueError(f"rank {r}")
    A = torch.randn(n, m, generator=torch.Generator().manual_seed(seed))
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    S[r:] = 0
    return U @ S.diag() @ Vh


@variant("low_rank")
def sum_of_terms(A, k):
    U, S, Vh = torch.linalg.svd(A)
    return sum((S[i] * torch.outer(U[:, i], Vh[i]) for i in range(min(k, len(S)))), torch.zeros_like(A))


@variant("low_rank")
def by_numpy_s_svd(A, k):
    U, S, Vh = np.linalg.svd(A.numpy(), full_matrices=False)
    S[k:] = 0
    return torch.from_numpy(U @ np.diag(S) @ Vh)


@variant("low_rank")
def by_projection(A, k):
    _, vectors = torch.linalg.eigh(A.T @ A)  # in rising order
    best = vectors.flip(1)[:, :k]
    return A @ best @ best.T


@variant("power_iteration")
def by_functions(A, steps, seed=0):
    generator = torch.Generator().manual_seed(seed)
    v = torch.nn.functional.normalize(torch.rand(A.shape[0], generator=generator, dtype=A.dtype) - 0.3, dim=0)
    for _ in range(steps):
        v = torch.nn.functional.normalize(A.mv(v), dim=0, eps=0)
    return torch.dot(v, A.mv(v)), v


@variant("power_iteration")
def by_numpy_s_generator(A, steps, seed=0):
    v = np.random.default_rng(seed).normal(size=len(A))
    v /= np.linalg.norm(v)
    for _ in range(steps):
        v = A.double().numpy() @ v
        v /= np.linalg.norm(v)
    return torch.tensor(v @ A.double().numpy() @ v, dtype=A.dtype), torch.tensor(v, dtype=A.dtype)


@variant("power_iteration")
def scaled_on_the_way(A, steps, seed=0):
    v = torch.randn(len(A), 1, generator=torch.Generator().manual_seed(seed)).to(A.dtype)
    for _ in range(steps):
        v = A @ v
        v = v / v.abs().max()
    v = v / v.norm()
    return (v.T @ A @ v).squeeze(), v[:, 0]


@variant("is_symmetric")
def by_allclose(A, atol=1e-5):
    return A.shape == A.T.shape and torch.allclose(A, A.T, rtol=0, atol=atol)


@variant("is_symmetric")
def by_numpy(A, atol=1e-5):
    return np.bool_(A.shape[0] == A.shape[1]) and np.all(np.abs(A.numpy() - A.numpy().T) <= atol)


@variant("is_symmetric")
def by_a_loop_over_pairs(A, atol=1e-5):
    n, m = A.shape
    return n == m and all(abs(float(A[i, j] - A[j, i])) <= atol for i in range(n) for j in range(i))


@variant("is_symmetric")
def by_the_largest_difference(A, atol=1e-5):
    if A.size(0) != A.size(1):
        return False
    return (A - A.mT).abs().max().item() <= atol


@variant("is_orthogonal")
def by_rows_instead(Q, atol=1e-5):
    return len(Q) == Q.shape[1] and torch.allclose(Q @ Q.T, torch.eye(len(Q), dtype=Q.dtype), rtol=0, atol=atol)


@variant("is_orthogonal")
def not_made_a_bool(Q, atol=1e-5):
    return Q.shape[0] == Q.shape[1] and ((Q.T @ Q - torch.eye(Q.shape[0]).to(Q)).abs() <= atol).all()


@variant("is_orthogonal")
def column_by_column(Q, atol=1e-5):
    if Q.shape[0] != Q.shape[1]:
        return False
    pairs = itertools.product(range(len(Q)), repeat=2)
    return all(abs(float(Q[:, i] @ Q[:, j]) - (i == j)) <= atol for i, j in pairs)


@variant("is_rotation")
def by_torch_s_determinant(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and torch.linalg.det(R).item() > 0


@variant("is_rotation")
def not_made_a_bool_either(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and solutions.determinant(R) > 0


@variant("is_rotation")
def determinant_nearer_to_1(R, atol=1e-5):
    if R.shape[0] != R.shape[1] or not torch.allclose(R.T @ R, torch.eye(len(R)).to(R), rtol=0, atol=atol):
        return False
    return bool((R.det() - 1).abs() < (R.det() + 1).abs())


@variant("rotation_2d")
def by_rows_of_the_matrix(theta):
    rows = [torch.stack([torch.cos(theta), -torch.sin(theta)]), torch.stack([torch.sin(theta), torch.cos(theta)])]
    return torch.stack(rows)


@variant("rotation_2d")
def by_the_exponential(theta):
    return torch.linalg.matrix_exp(theta * torch.tensor([[0, -1], [1, 0]]).to(theta))


@variant("rotation_2d")
def identity_and_quarter_turn(theta):
    quarter = torch.tensor([[0, -1], [1, 0]], dtype=theta.dtype)
    return theta.cos() * torch.eye(2, dtype=theta.dtype) + theta.sin() * quarter


@variant("rotation_2d")
def written_into_zeros(theta):
    turn = torch.zeros(2, 2, dtype=theta.dtype)
    turn[0, 0], turn[0, 1], turn[1, 0], turn[1, 1] = theta.cos(), -theta.sin(), theta.sin(), theta.cos()
    return turn
