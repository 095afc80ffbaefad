"""The wrong answers of the first maths lesson, each explained in a sentence."""

import math

import torch

from coach import mistake
from part0_maths import solutions


@mistake(
    "xor_weights",
    zh="两个都是 1 时答案也是 1：这是 OR，第二个单元减得不够。",
    en="It says 1 for two ones as well: that is OR, the second unit must take more away.",
)
def or_for_xor():
    W1, b1, _, b2 = solutions.xor_weights()
    return W1, b1, torch.tensor([[1.0, -1]]), b2


@mistake(
    "xor_weights",
    zh="没有偏置，两个隐藏单元就成了同一个：第二个要晚一点醒来。",
    en="Without biases the two hidden units are one and the same: the second must wake later.",
)
def without_bias():
    W1, _, W2, b2 = solutions.xor_weights()
    return W1, torch.zeros(2), W2, b2


@mistake("xor_weights", zh="答案正好反了：这是 XNOR。", en="Every answer is the opposite: that is XNOR.")
def xnor():
    W1, b1, W2, _ = solutions.xor_weights()
    return W1, b1, -W2, torch.ones(1)


@mistake(
    "xor_weights",
    zh="四处都答 0.5：那是线性回归的最好成绩，隐藏层没有用上。",
    en="It says 0.5 everywhere: that is the best of linear regression, the hidden layer does nothing.",
)
def undecided():
    W1, b1, W2, _ = solutions.xor_weights()
    return W1, b1, 0 * W2, torch.tensor([0.5])


def mlp(x, weights, biases, *, between=torch.relu, last=False, first=False, bias_first=True):
    x = between(x) if first else x
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        inner = i < len(weights) - 1 or last
        x = x @ W.T + b if bias_first else x @ W.T
        x = between(x) if inner else x
        x = x if bias_first else x + b
    return x


@mistake(
    "mlp_forward",
    zh="最后一层之后没有 ReLU：不然输出永远不会是负的。",
    en="No ReLU after the last layer: else no output is ever negative.",
)
def relu_at_the_end(x, weights, biases):
    return mlp(x, weights, biases, last=True)


@mistake("mlp_forward", zh="层与层之间少了 ReLU。", en="The ReLU between layers is missing.")
def no_relu(x, weights, biases):
    return mlp(x, weights, biases, between=lambda h: h)


@mistake("mlp_forward", zh="输入本身不经过 ReLU。", en="The input itself goes through no ReLU.")
def relu_on_the_input(x, weights, biases):
    return mlp(x, weights, biases, first=True)


@mistake(
    "mlp_forward",
    zh="少了转置：权重的行是输出，要 `x @ W.T`。",
    en="A transpose is missing: a weight's rows are outputs, so `x @ W.T`.",
)
def not_transposed(x, weights, biases):
    return mlp(x, [W.T for W in weights], biases)


@mistake("mlp_forward", zh="先加偏置，再做 ReLU。", en="Add the bias first, then do the ReLU.")
def bias_after_relu(x, weights, biases):
    return mlp(x, weights, biases, bias_first=False)


def gradients(depth, activation, width, seed, loss=lambda h: h.square().mean(), last=True):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    for i, W in enumerate(weights):
        z = h @ W.requires_grad_().T
        h = getattr(torch, activation)(z) if last or i < depth - 1 else z
    return torch.autograd.grad(loss(h), weights), weights


@mistake(
    "gradient_norms",
    zh="次序反了：第一个数应属于离输入最近的一层。",
    en="The order is the other one: the first number belongs to the layer next to the input.",
)
def last_layer_first(depth, activation, width=64, seed=0):
    return solutions.gradient_norms(depth, activation, width, seed).flip(0)


@mistake("gradient_norms", zh="要的是梯度的范数，不是权重的范数。", en="The norm of the gradients, not of the weights.")
def norms_of_weights(depth, activation, width=64, seed=0):
    return torch.stack([W.norm() for W in solutions.deep_net(depth, activation, width, seed)[1]])


@mistake("gradient_norms", zh="这是范数的平方：还要开方。", en="That is the norm squared: take the root.")
def squared_norms(depth, activation, width=64, seed=0):
    return solutions.gradient_norms(depth, activation, width, seed) ** 2


@mistake(
    "gradient_norms",
    zh="损失是平方的平均，不是平方的和：差了一个元素个数的倍数。",
    en="The loss is the mean of the squares, not their sum: the factor is the number of elements.",
)
def sum_of_squares(depth, activation, width=64, seed=0):
    found, _ = gradients(depth, activation, width, seed, loss=lambda h: h.square().sum())
    return torch.stack([g.norm() for g in found])


@mistake("gradient_norms", zh="最后一层也要经过激活函数。", en="The last layer has its activation too.")
def last_layer_bare(depth, activation, width=64, seed=0):
    found, _ = gradients(depth, activation, width, seed, last=False)
    return torch.stack([g.norm() for g in found])


@mistake(
    "collapse_linear",
    zh="矩阵乘反了：后来的一层在左边。",
    en="The product is the wrong way round: the later layer stands on the left.",
)
def reversed_product(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ next_W, next_W @ b + next_b
    return W, b


@mistake(
    "collapse_linear",
    zh="前面的偏置也要经过后面的矩阵，不能直接相加。",
    en="Earlier biases go through the later matrices; they are not simply added.",
)
def added_biases(weights, biases):
    W, _ = solutions.collapse_linear(weights, biases)
    return W, torch.stack([b.sum() for b in biases]).sum() + 0 * biases[-1] if len(biases) > 1 else biases[0]


@mistake("collapse_linear", zh="只剩下了最后一层的偏置。", en="Only the last layer's bias is left.")
def last_bias_only(weights, biases):
    return solutions.collapse_linear(weights, biases)[0], biases[-1].clone()


@mistake("collapse_linear", zh="两层合并是矩阵相乘，不是相加。", en="Two layers merge by a product, not by a sum.")
def summed_weights(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = next_W + W, next_W @ b + next_b
    return W, b


@mistake(
    "ablate",
    zh="改动累积起来了：每个变体都应从基线出发，只改一项。",
    en="The changes pile up: each variant starts from the baseline and changes one thing.",
)
def piled_up(experiment, settings, changes, seeds):
    seeds, found, now = list(seeds), {}, dict(settings)
    found["baseline"] = [experiment(seed=seed, **now) for seed in seeds]
    for key, value in solutions.ablate(lambda **_: 0.0, settings, changes, []) and changes.items():
        now[key] = value
        found[f"{key}={value}"] = [experiment(seed=seed, **now) for seed in seeds]
    return found


@mistake(
    "ablate", zh="少了基线：没有它，就没有可比的。", en="The baseline is missing: there is nothing to compare with."
)
def no_baseline(experiment, settings, changes, seeds):
    return {key: value for key, value in solutions.ablate(experiment, settings, changes, seeds).items() if "=" in key}


@mistake(
    "ablate",
    zh="每个变体用了不同的种子：差别可能只是运气。",
    en="Each variant has seeds of its own: the difference may be luck.",
)
def other_seeds(experiment, settings, changes, seeds):
    found = solutions.ablate(experiment, settings, {}, seeds := list(seeds))
    for i, (key, value) in enumerate(changes.items(), 1):
        now = solutions.ablate(experiment, settings | {key: value}, {}, [seed + i for seed in seeds])
        found[f"{key}={value}"] = now["baseline"]
    return found


@mistake(
    "ablate",
    zh="`seeds` 可能只能走一遍：先变成列表。",
    en="`seeds` may be walked only once: make it a list first.",
)
def seeds_used_up(experiment, settings, changes, seeds):
    if unknown := set(changes) - set(settings):
        raise ValueError(f"unknown: {unknown}")
    found = {"baseline": [experiment(seed=seed, **settings) for seed in seeds]}
    for key, value in changes.items():
        found[f"{key}={value}"] = [experiment(seed=seed, **settings | {key: value}) for seed in seeds]
    return found


@mistake(
    "ablate",
    zh="写错的名字没有报错：它会被当成“没有影响”，或者跑了一半才失败。",
    en="A misspelt name is no error: it would pass for a piece without effect, or fail half-way.",
)
def typo_ignored(experiment, settings, changes, seeds):
    return solutions.ablate(experiment, settings, {k: v for k, v in changes.items() if k in settings}, seeds)


@mistake(
    "is_linear",
    zh="`f(0) = 0` 还不够：绝对值也满足。",
    en="`f(0) = 0` is not enough: the absolute value does that too.",
)
def zero_to_zero(f, dim_in, trials=10):
    solutions.is_linear(f, dim_in, trials)
    return bool(f(torch.zeros(dim_in)).norm() < 1e-9)


@mistake(
    "is_linear",
    zh="只试了数乘：还要试两个向量相加。",
    en="You tried only multiples: try the sum of two vectors too.",
)
def only_multiples(f, dim_in, trials=10):
    for _ in range(trials):
        x, a = torch.randn(dim_in), torch.randn(())
        if (f(a * x) - a * f(x)).norm() > 1e-4 * (a * f(x)).norm():
            return False
    return True


@mistake(
    "is_linear",
    zh="只沿着坐标轴试：`x0 * x1` 沿每条轴都是线性的。",
    en="You tried along the axes only: `x0 * x1` is linear along each.",
)
def along_the_axes(f, dim_in, trials=10):
    for e in torch.eye(dim_in):
        for a in torch.randn(trials):
            if (f(a * e) - a * f(e)).norm() > 1e-4 * (a * f(e)).norm():
                return False
    return True


@mistake(
    "is_linear",
    zh="绝对误差会冤枉数值很大的线性映射：与各项的大小比。",
    en="An absolute error condemns linear maps of large values: compare with the size of the terms.",
)
def absolute_error(f, dim_in, trials=10):
    for _ in range(trials):
        x, y, (a, b) = torch.randn(dim_in), torch.randn(dim_in), torch.randn(2)
        if (f(a * x + b * y) - a * f(x) - b * f(y)).norm() > 1e-5:
            return False
    return True


@mistake(
    "is_linear",
    zh="误差小不等于没有：`1e-6 * |x|` 的值本来就小。",
    en="A small error is not none: the values of `1e-6 * |x|` are small themselves.",
)
def too_lenient(f, dim_in, trials=10):
    for _ in range(trials):
        x, y, (a, b) = torch.randn(dim_in), torch.randn(dim_in), torch.randn(2)
        if not torch.allclose(f(a * x + b * y), a * f(x) + b * f(y), rtol=1e-3, atol=1e-4):
            return False
    return True


def without_empty_axes(matmul):
    """What a loop gives that begins with its first term."""

    def limited(A, B):
        if 0 in (*A.shape, *B.shape):
            raise RuntimeError("stack expects a non-empty TensorList")
        return matmul(A, B)

    return limited


@mistake(
    "matmul_columns",
    zh="`*` 是逐元素相乘，还要沿 `dim=1` 求和。",
    en="`*` multiplies element by element; the sum along `dim=1` is missing.",
)
def first_column_only(A, B):
    return solutions.matmul_columns(A[:, :1], B[:1])


@mistake(
    "matmul_columns",
    zh="按 `B` 的行混合了：第 `j` 列的份量是 `B[:, j]`。",
    en="You mixed by rows of `B`: the recipe of column `j` is `B[:, j]`.",
)
def rows_as_recipe(A, B):
    if B.shape[0] != B.shape[1]:
        raise RuntimeError("The size of tensor a must match the size of tensor b at non-singleton dimension 1")
    return solutions.matmul_columns(A, B.T)


@mistake(
    "matmul_columns",
    zh="列叠成了行：结果是转置的。",
    en="The columns are stacked as rows: the result is transposed.",
)
def stacked_as_rows(A, B):
    return solutions.matmul_columns(A, B).T


@mistake(
    "matmul_columns",
    zh="没有列时 `torch.stack` 会报错：先造好全零的结果。",
    en="`torch.stack` fails without columns: make the result of zeros first.",
)
def no_columns_no_stack(A, B):
    return torch.stack([(A * B[:, j]).sum(dim=1) for j in range(B.shape[1])], dim=1)


@mistake(
    "matmul_columns",
    zh="这就是 `@`：这一题要你看见它里面的列。",
    en="That is `@`: here you are to see the columns inside.",
)
def ready_made(A, B):
    return A @ B


@mistake(
    "matmul_outer",
    zh="只剩最后一个外积：要累加，不是赋值。",
    en="Only the last outer product is left: add up, don't assign.",
)
def last_term(A, B):
    return solutions.matmul_outer(A[:, -1:], B[-1:])


@mistake(
    "matmul_outer",
    zh="取成了 `A` 的行与 `B` 的列：外积是列乘行。",
    en="You took rows of `A` and columns of `B`: an outer product is a column times a row.",
)
def rows_times_columns(A, B):
    if len({*A.shape, *B.shape}) > 1:
        raise IndexError("index is out of bounds")
    return sum(torch.outer(A[k], B[:, k]) for k in range(len(B)))


@mistake(
    "matmul_outer",
    zh="外积的两边颠倒了：`A` 的列管行，`B` 的行管列。",
    en="The outer products are transposed: columns of `A` give rows, rows of `B` columns.",
)
def transposed_outer(A, B):
    return solutions.matmul_outer(A, B).T


@mistake(
    "matmul_outer",
    zh="没有项时，`sum` 给出的是 0，不是矩阵：从全零的矩阵开始。",
    en="Without terms `sum` gives 0, no matrix: begin with a matrix of zeros.",
)
def sum_of_nothing(A, B):
    return sum(A[:, k, None] * B[k] for k in range(len(B)))


@mistake(
    "matmul_outer",
    zh="这就是 `@`：这一题要你看见它里面的外积。",
    en="That is `@`: here you are to see the outer products inside.",
)
def ready_made_product(A, B):
    return A @ B


@mistake("trace", zh="迹是对角线之和，不是积。", en="The trace is the sum of the diagonal, not the product.")
def product_of_diagonal(A):
    return A.diagonal().prod()


@mistake("trace", zh="你加了所有的元素：只要对角线。", en="You added all entries: only the diagonal counts.")
def sum_of_all(A):
    return A.sum()


@mistake("trace", zh="是和，不是平均。", en="The sum, not the mean.")
def mean_of_diagonal(A):
    return A.diagonal().sum() / max(len(A), 1)


@mistake(
    "trace",
    zh="你走了另一条对角线：应从左上到右下。",
    en="You took the other diagonal: it runs from top left to bottom right.",
)
def other_diagonal(A):
    return A.flip(1).diagonal().sum()


def eliminated(A, *, swap=True, sign=True, largest=True):
    U, det = A.clone(), torch.ones((), dtype=A.dtype)
    for j in range(len(U)):
        below = U[j:, j].abs()
        pivot = j + int(below.argmax() if largest else below.ne(0).int().argmax()) if swap else j
        if largest and U[pivot, j] == 0:
            return torch.zeros_like(det)
        if pivot != j:
            U[[j, pivot]] = U[[pivot, j]]
            det = -det if sign else det
        det = det * U[j, j]
        U[j + 1 :] -= U[j + 1 :, j, None] / U[j, j] * U[j]
    return det


@mistake(
    "determinant",
    zh="没有消元：对角线之积只对三角矩阵才是行列式。",
    en="Without elimination: the diagonal's product is the determinant of triangular matrices only.",
)
def diagonal_product(A):
    return A.diagonal().prod()


@mistake("determinant", zh="交换两行时，符号要变。", en="An exchange of two rows turns the sign.")
def sign_forgotten(A):
    return eliminated(A, sign=False)


@mistake(
    "determinant",
    zh="主元是 0 时没有换行：除以 0 得到 NaN。",
    en="A pivot of 0 needs an exchange of rows: dividing by 0 gives NaN.",
)
def never_exchanged(A):
    det = eliminated(A, swap=False)
    return torch.full_like(det, math.nan) if len(A) and A[0, 0] == 0 else det


@mistake(
    "determinant",
    zh="选了第一个非零的主元：除以极小的数，舍入误差就淹没了一切。",
    en="You took the first pivot that isn't 0: divide by a tiny one, and rounding errors drown the rest.",
)
def first_nonzero_pivot(A):
    return eliminated(A, largest=False).nan_to_num(0.0)


@mistake(
    "determinant", zh="这是 torch 现成的：这一题要自己消元。", en="That is torch's own: here you eliminate yourself."
)
def ready_made_determinant(A):
    return torch.linalg.det(A)


def pivots(A, tol, *, relative=True, same_row=True, exchange=True):
    U, found = A.clone(), 0
    zero = tol * (U.abs().max() if relative and U.numel() else 1.0)
    for j in range(U.shape[1]):
        row = found if same_row else j
        if row >= len(U) or (U[row:, j].abs().max() if exchange else U[row, j].abs()) <= zero:
            continue
        pivot = row + int(U[row:, j].abs().argmax()) if exchange else row
        U[[row, pivot]] = U[[pivot, row]]
        U[row + 1 :] -= U[row + 1 :, j, None] / U[row, j] * U[row]
        found += 1
    return found


@mistake(
    "rank",
    zh="没有主元的列，不该连行也跳过。",
    en="A column without a pivot must not use up a row.",
)
def row_skipped(A, tol=1e-5):
    return pivots(A, tol, same_row=False)


@mistake(
    "rank",
    zh="小不等于 0：要与最大的元素比。",
    en="Small is not zero: compare with the largest entry.",
)
def absolute_zero(A, tol=1e-5):
    return pivots(A, tol, relative=False)


@mistake(
    "rank",
    zh="主元是 0 时要换行：往下找一个不是 0 的。",
    en="Where the pivot is 0, exchange rows: look for another below.",
)
def no_exchange(A, tol=1e-5):
    return pivots(A, tol, exchange=False)


@mistake("rank", zh="你数的是非零的行，没有消元。", en="You counted the rows that aren't zero, without eliminating.")
def nonzero_rows(A, tol=1e-5):
    return int((A.abs().sum(dim=1) > 0).sum())


@mistake(
    "rank", zh="这是行数和列数中较小的：那只是上界。", en="That is the smaller of both sizes: only an upper bound."
)
def smaller_side(A, tol=1e-5):
    return min(A.shape)


@mistake("rank", zh="这是 torch 现成的：这一题要自己消元。", en="That is torch's own: here you eliminate yourself.")
def ready_made_rank(A, tol=1e-5):
    return int(torch.linalg.matrix_rank(A, rtol=tol)) if A.numel() else 0


@mistake(
    "change_of_basis",
    zh="方向反了：是 `P⁻¹ A P`，不是 `P A P⁻¹`。",
    en="The other direction: it is `P⁻¹ A P`, not `P A P⁻¹`.",
)
def other_way(A, basis):
    return basis @ A @ torch.linalg.inv(basis)


@mistake(
    "change_of_basis",
    zh="转置不是逆：只有正交的基才可以这样写。",
    en="A transpose is no inverse: that is right for orthogonal bases only.",
)
def transposed_for_inverse(A, basis):
    return basis.T @ A @ basis


@mistake(
    "change_of_basis",
    zh="只做了一半：结果还要翻回新坐标。",
    en="Only half: the result must go back into new coordinates.",
)
def half_way(A, basis):
    return A @ basis


@mistake("change_of_basis", zh="基向量是列，你当成了行。", en="The basis vectors are columns; you took rows.")
def rows_as_basis(A, basis):
    return torch.linalg.solve(basis.T, A @ basis.T)


def guess(**changes):
    return solutions.identities() | changes


@mistake(
    "identities",
    zh="迹里的矩阵只能轮换：`ABC` 可以变成 `BCA`，不能变成 `ACB`。",
    en="In a trace matrices only go round in a circle: `ABC` may become `BCA`, not `ACB`.",
)
def any_order():
    return guess(**{"tr(ABC) = tr(ACB)": True})


@mistake("identities", zh="乘积的转置要颠倒次序。", en="The transpose of a product reverses the order.")
def transpose_in_order():
    return guess(**{"(AB)^T = A^T B^T": True})


@mistake(
    "identities",
    zh="行列式对每一列线性，不对整个矩阵线性：`det(2A) = 2ⁿ det(A)`。",
    en="A determinant is linear in each column, not in the matrix: `det(2A) = 2ⁿ det(A)`.",
)
def linear_determinant():
    return guess(**{"det(2A) = 2 det(A)": True})


@mistake(
    "identities",
    zh="和的迹是迹的和；积的迹不是迹的积。",
    en="The trace of a sum is the sum of traces; of a product it is not the product.",
)
def multiplicative_trace():
    return guess(**{"tr(AB) = tr(A) tr(B)": True})


@mistake(
    "identities",
    zh="乘积的逆是逆的乘积，次序颠倒（先穿的后脱）：它是成立的。",
    en="The inverse of a product is that of the inverses in reverse order: it does hold.",
)
def inverse_denied():
    return guess(**{"(AB)^-1 = B^-1 A^-1": False})


def generated(seed):
    return torch.Generator().manual_seed(seed)


@mistake(
    "matrix_of_rank",
    zh="中间一维用了最小的边长：这是满秩的。",
    en="The axis in the middle is the smaller side: that has full rank.",
)
def full_rank(n, m, r, seed):
    solutions.matrix_of_rank(n, m, r, seed)
    return torch.randn(n, m, generator=generated(seed))


@mistake(
    "matrix_of_rank",
    zh="秩是对了，却只是角上的几个 1：要一个随机的矩阵。",
    en="The rank is right, but it is a few ones in a corner: it should be random.",
)
def corner_of_ones(n, m, r, seed):
    A = 0 * solutions.matrix_of_rank(n, m, r, seed)
    A[range(r), range(r)] = 1
    return A


@mistake(
    "matrix_of_rank",
    zh="`torch.manual_seed` 改了所有人的随机数：用自己的 `torch.Generator`。",
    en="`torch.manual_seed` changes everybody's random numbers: use a `torch.Generator` of your own.",
)
def global_seed(n, m, r, seed):
    solutions.matrix_of_rank(n, m, r, seed)
    torch.manual_seed(seed)
    return torch.randn(n, r) @ torch.randn(r, m)


@mistake("matrix_of_rank", zh="没有用上 `seed`。", en="The `seed` is not used.")
def seed_unused(n, m, r, seed):
    return solutions.matrix_of_rank(n, m, r, 0)


@mistake(
    "matrix_of_rank",
    zh="这样的矩阵不存在时，应当报错，而不是给一个别的。",
    en="If there is no such matrix, raise an error; don't hand out another one.",
)
def silently_clamped(n, m, r, seed):
    return solutions.matrix_of_rank(n, m, min(max(r, 0), n, m), seed)


def svd(A):
    return torch.linalg.svd(A, full_matrices=False)


@mistake(
    "low_rank", zh="留下了最小的奇异值：应留最大的。", en="You kept the smallest singular values: keep the largest."
)
def smallest_kept(A, k):
    U, S, Vh = svd(A)
    first = len(S) - k
    return U[:, first:] * S[first:] @ Vh[first:]


@mistake(
    "low_rank",
    zh="忘了奇异值本身：各项要乘 `σᵢ`。",
    en="The singular values are missing: each term is multiplied by `σᵢ`.",
)
def without_values(A, k):
    U, _, Vh = svd(A)
    return U[:, :k] @ Vh[:k]


@mistake(
    "low_rank",
    zh="留下前 `k` 列，秩是够小，却不是最近的。",
    en="The first `k` columns have a rank that is small enough, but are not the closest.",
)
def first_columns(A, k):
    return A * (torch.arange(A.shape[1]) < k)


@mistake(
    "low_rank",
    zh="多留了一项：下标从 0 开始，`:k` 就是 `k` 项。",
    en="One term too many: counted from 0, `:k` are `k` terms.",
)
def one_too_many(A, k):
    return solutions.low_rank(A, k + 1)


@mistake("low_rank", zh="`Vh` 已经转置过了，不要再转一次。", en="`Vh` is transposed already; don't do it again.")
def transposed_again(A, k):
    U, S, Vh = svd(A)
    return U[:, :k] * S[:k] @ Vh.T[:k]


@mistake(
    "power_iteration",
    zh="`‖Av‖` 没有符号：用 `v @ A @ v`。",
    en="`‖Av‖` has no sign: use `v @ A @ v`.",
)
def without_sign(A, steps, seed=0):
    value, vector = solutions.power_iteration(A, steps, seed)
    return value.abs(), vector


@mistake(
    "power_iteration",
    zh="没有归一化：几十步之后就溢出了。",
    en="Without normalising it overflows within some dozen steps.",
)
def never_normalised(A, steps, seed=0):
    v = torch.randn(len(A), generator=generated(seed)).to(A)
    for _ in range(steps):
        v = A @ v
    return v @ A @ v / (v @ v), v


@mistake(
    "power_iteration",
    zh="乘成了转置：对不对称的矩阵，左右特征向量不同。",
    en="You multiplied by the transpose: for asymmetric matrices, left and right eigenvectors differ.",
)
def left_eigenvector(A, steps, seed=0):
    return solutions.power_iteration(A.T, steps, seed)


@mistake("power_iteration", zh="只乘了一次：要乘 `steps` 次。", en="Multiplied once: it should be `steps` times.")
def one_step(A, steps, seed=0):
    return solutions.power_iteration(A, 1, seed)


@mistake(
    "power_iteration",
    zh="向量的长度不是 1：最后一次相乘之后也要归一化。",
    en="The vector has no unit length: normalise after the last multiplication too.",
)
def last_not_normalised(A, steps, seed=0):
    value, vector = solutions.power_iteration(A, steps, seed)
    return value, A @ vector


def square(A):
    return A.shape[0] == A.shape[1]


@mistake(
    "is_symmetric",
    zh="不是方阵就比不了：先看形状。",
    en="What isn't square can't be compared: look at the shape first.",
)
def shape_unchecked(A, atol=1e-5):
    return bool(((A - A.T).abs() <= atol).all())


@mistake(
    "is_symmetric", zh="差的和为 0，不等于每个差都是 0。", en="A sum of differences of 0 doesn't make each of them 0."
)
def sum_of_differences(A, atol=1e-5):
    return square(A) and bool((A - A.T).sum().abs() <= atol)


@mistake("is_symmetric", zh="浮点数有舍入：比较要留余地。", en="Floating-point numbers are rounded: leave a tolerance.")
def exactly_symmetric(A, atol=1e-5):
    return square(A) and torch.equal(A, A.T)


@mistake("is_symmetric", zh="这是反对称：`A == -A.T`。", en="That is antisymmetric: `A == -A.T`.")
def antisymmetric(A, atol=1e-5):
    return square(A) and bool(((A + A.T).abs() <= atol).all())


@mistake(
    "is_orthogonal",
    zh="行列式是 ±1 还不够：拉长一边、缩短另一边也行。",
    en="A determinant of ±1 is not enough: stretch one side, shrink the other.",
)
def unit_determinant(Q, atol=1e-5):
    return square(Q) and bool((torch.linalg.det(Q).abs() - 1).abs() <= atol)


@mistake("is_orthogonal", zh="各列还要长度为 1。", en="The columns must have length 1 as well.")
def only_perpendicular(Q, atol=1e-5):
    product = Q.T @ Q
    return square(Q) and bool(((product - product.diagonal().diag()).abs() <= atol).all())


@mistake("is_orthogonal", zh="各列还要两两垂直。", en="The columns must be perpendicular as well.")
def only_unit_columns(Q, atol=1e-5):
    return square(Q) and bool(((Q.norm(dim=0) - 1).abs() <= atol).all())


@mistake(
    "is_orthogonal",
    zh="高矩阵的列可以正交归一，它却没有逆：要方阵。",
    en="A tall matrix may have orthonormal columns and yet no inverse: it must be square.",
)
def tall_too(Q, atol=1e-5):
    return bool(((Q.T @ Q - torch.eye(Q.shape[1]).to(Q)).abs() <= atol).all())


@mistake(
    "is_rotation", zh="翻面的也算进来了：行列式要是 1。", en="That lets mirror images in: the determinant must be 1."
)
def mirrors_too(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol)


@mistake("is_rotation", zh="行列式为 1 还不够：剪切也有。", en="A determinant of 1 is not enough: a shear has it too.")
def only_determinant(R, atol=1e-5):
    return square(R) and bool((torch.linalg.det(R) - 1).abs() <= atol)


@mistake("is_rotation", zh="允许了放大：各列的长度要是 1。", en="That lets it stretch: the columns must have length 1.")
def stretched_too(R, atol=1e-5):
    product = R.T @ R
    diagonal = product.diagonal().diag()
    return square(R) and bool(((product - diagonal).abs() <= atol).all()) and bool(torch.linalg.det(R) > 0)


@mistake(
    "is_rotation",
    zh="不是方阵时没有行列式：先看形状。",
    en="What isn't square has no determinant: look at the shape first.",
)
def rotation_of_any_shape(R, atol=1e-5):
    return bool(torch.linalg.det(R) > 0) and solutions.is_orthogonal(R, atol)


@mistake(
    "rotation_2d",
    zh="转反了：正角度从 `e₁` 转向 `e₂`，即逆时针。",
    en="It turns the other way: a positive angle goes from `e₁` to `e₂`, anticlockwise.",
)
def clockwise(theta):
    return solutions.rotation_2d(theta).T


@mistake("rotation_2d", zh="角度是弧度，不是度。", en="The angle is in radians, not degrees.")
def in_degrees(theta):
    return solutions.rotation_2d(theta.deg2rad())


@mistake(
    "rotation_2d",
    zh="有一个负号不在位置上：这是反射，不是旋转。",
    en="A minus sign is out of place: that is a reflection, no rotation.",
)
def reflection(theta):
    return solutions.rotation_2d(theta) * torch.tensor([[1.0, -1], [1, -1]]).to(theta)


@mistake(
    "rotation_2d",
    zh="`torch.tensor` 重新造了一个张量，梯度到不了 `theta`：用 `torch.stack`。",
    en="`torch.tensor` makes a new tensor and cuts the gradient to `theta`: use `torch.stack`.",
)
def cut_off(theta):
    return solutions.rotation_2d(theta).detach()
