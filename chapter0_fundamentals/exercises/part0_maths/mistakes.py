"""The wrong answers of the first maths lesson, each explained in a sentence."""

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
    zh="没有偏置，两个隐藏单元就成了同一个：第二个要到两个输入都是 1 时才激活。",
    en="Without biases the two hidden units are one and the same: the second should be active for two ones only.",
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
    zh="四处都答 0.5：那是线性回归的最好成绩；隐藏层没有起作用。",
    en="It says 0.5 everywhere: that is the best of linear regression; the hidden layer has no effect.",
)
def undecided():
    W1, b1, W2, _ = solutions.xor_weights()
    return W1, b1, 0 * W2, torch.tensor([0.5])


@mistake(
    "xor_weights",
    zh="只有两个都是 1 时答案才是 1：这是 AND；第一个单元没有用上。",
    en="It says 1 for two ones only: that is AND, the first unit is not used.",
)
def and_for_xor():
    W1, b1, _, b2 = solutions.xor_weights()
    return W1, b1, torch.tensor([[0.0, 1]]), b2


@mistake(
    "xor_weights",
    zh="答案的符号反了：第一个单元要加，第二个单元要减。",
    en="The answers have the wrong sign: add the first unit, subtract the second.",
)
def signs_exchanged():
    W1, b1, W2, b2 = solutions.xor_weights()
    return W1, b1, -W2, b2


@mistake(
    "xor_weights",
    zh="第二个单元激活得太早：只有一个 1 时它就已经大于 0。",
    en="The second unit is active too early: a single 1 already makes it positive.",
)
def active_too_early():
    W1, _, W2, b2 = solutions.xor_weights()
    return W1, torch.tensor([0.0, -0.5]), W2, b2


@mistake(
    "xor_weights",
    zh="每个单元只看一个输入：这样谁也数不出两个 1。",
    en="Each unit sees one input only: then neither can count two ones.",
)
def one_input_each():
    _, b1, W2, b2 = solutions.xor_weights()
    return torch.eye(2), b1, W2, b2


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


@mistake("mlp_forward", zh="没有加偏置。", en="The biases are missing.")
def no_bias(x, weights, biases):
    return mlp(x, weights, [0 * b for b in biases])


@mistake("mlp_forward", zh="少了最后一层。", en="The last layer is missing.")
def last_layer_missing(x, weights, biases):
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        x = (x @ W.T + b).relu()
    return x


@mistake(
    "mlp_forward",
    zh="只有第一层之后有 ReLU：每两层之间都要有。",
    en="A ReLU after the first layer only: one is due between any two layers.",
)
def one_relu(x, weights, biases):
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        x = x @ W.T + b
        x = x.relu() if i == 0 and len(weights) > 1 else x
    return x


@mistake(
    "mlp_forward",
    zh="靠矩阵认最后一层：几层用同一个矩阵时就认错了，要数层数。",
    en="The last layer is told by its matrix: where layers share one, that goes wrong; count the layers.",
)
def last_told_by_its_matrix(x, weights, biases):
    for W, b in zip(weights, biases, strict=True):
        x = x @ W.T + b
        x = x if W is weights[-1] else x.relu()
    return x


@mistake("mlp_forward", zh="激活函数是 ReLU，不是 sigmoid。", en="The activation is ReLU, not the sigmoid.")
def sigmoid_between(x, weights, biases):
    return mlp(x, weights, biases, between=torch.sigmoid)


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
    "gradient_norms",
    zh="少了转置：样本是行，所以 `W h` 写成 `h @ W.T`。",
    en="A transpose is missing: samples are rows, so `W h` is written `h @ W.T`.",
)
def transpose_missing(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    for W in weights:
        h = getattr(torch, activation)(h @ W.requires_grad_())
    return torch.stack([g.norm() for g in torch.autograd.grad(h.square().mean(), weights)])


@mistake(
    "gradient_norms",
    zh="这是对各层输入的梯度：要对权重求。",
    en="Those are gradients with respect to the layers' inputs: the weights' are wanted.",
)
def gradients_of_inputs(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    inputs = []
    for W in weights:
        inputs.append(h.requires_grad_())
        h = getattr(torch, activation)(h @ W.T)
    return torch.stack([g.norm() for g in torch.autograd.grad(h.square().mean(), inputs)])


@mistake(
    "gradient_norms",
    zh="这是元素的均方根：范数只求和、开方，不求平均。",
    en="That is the root of the mean square: a norm sums and takes the root, without a mean.",
)
def mean_over_entries(depth, activation, width=64, seed=0):
    return solutions.gradient_norms(depth, activation, width, seed) / width


@mistake(
    "gradient_norms",
    zh="损失是平方的平均，不是输出的平均。",
    en="The loss is the mean of the squares, not of the outputs.",
)
def mean_of_outputs(depth, activation, width=64, seed=0):
    found, _ = gradients(depth, activation, width, seed, loss=lambda h: h.mean())
    return torch.stack([g.norm() for g in found])


@mistake(
    "gradient_norms",
    zh="没有用上 `activation`：每一层都成了 ReLU。",
    en="`activation` is not used: every layer has a ReLU.",
)
def always_relu(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    for W in weights:
        h = (h @ W.requires_grad_().T).relu()
    return torch.stack([g.norm() for g in torch.autograd.grad(h.square().mean(), weights)])


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
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = next_W @ W, b + next_b
    return W, b


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
    "collapse_linear",
    zh="前面的偏置经过后面的矩阵时没有加上后面的偏置。",
    en="The later biases are missing: only the first one goes through the matrices.",
)
def first_bias_only(weights, biases):
    W, b = weights[0], biases[0]
    for next_W in weights[1:]:
        W, b = next_W @ W, next_W @ b
    return W, b


@mistake(
    "collapse_linear",
    zh="偏置乘错了矩阵：前面的偏置只经过它后面的那一层，不是累积的乘积。",
    en="The bias meets the wrong matrix: it goes through the next layer alone, not through the product so far.",
)
def bias_through_the_product(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W = next_W @ W
        b = W @ b + next_b
    return W, b


@mistake("collapse_linear", zh="只合并了前两层。", en="Only the first two layers are merged.")
def two_layers_only(weights, biases):
    return solutions.collapse_linear(weights[:2], biases[:2])


@mistake(
    "collapse_linear",
    zh="结果是转置的：形状应是 `(d_out, d_in)`。",
    en="The result is transposed: its shape should be `(d_out, d_in)`.",
)
def transposed_layer(weights, biases):
    W, b = solutions.collapse_linear(weights, biases)
    return W.T, b


@mistake(
    "ablate",
    zh="改动累积起来了：每个变体都应从基线出发，只改一项。",
    en="The changes pile up: each variant starts from the baseline and changes one thing.",
)
def piled_up(experiment, settings, changes, seeds):
    if unknown := set(changes) - set(settings):
        raise ValueError(f"unknown: {unknown}")
    found, now = solutions.ablate(experiment, settings, {}, seeds := list(seeds)), dict(settings)
    for key, value in changes.items():
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
    if unknown := set(changes) - set(settings):
        raise ValueError(f"unknown: {unknown}")
    found = solutions.ablate(experiment, settings, {}, seeds := list(seeds))
    for i, (key, value) in enumerate(changes.items(), 1):
        found[f"{key}={value}"] = [experiment(seed=seed + i, **settings | {key: value}) for seed in seeds]
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
    "ablate",
    zh="`seed` 按位置传了：实验的参数次序你并不知道，用 `seed=seed`。",
    en="`seed` is passed by position: you don't know the experiment's order, write `seed=seed`.",
)
def seed_by_position(experiment, settings, changes, seeds):
    return solutions.ablate(lambda seed, **now: experiment(seed, **now), settings, changes, seeds)


@mistake(
    "ablate",
    zh="改动了 `settings` 本身：造一个新字典。",
    en="You changed `settings` itself: make a new dictionary.",
)
def settings_overwritten(experiment, settings, changes, seeds):
    if unknown := set(changes) - set(settings):
        raise ValueError(f"unknown: {unknown}")
    found = solutions.ablate(experiment, settings, {}, seeds := list(seeds))
    for key, value in changes.items():
        settings[key] = value
        found[f"{key}={value}"] = [experiment(seed=seed, **settings) for seed in seeds]
    return found


@mistake(
    "ablate",
    zh="每个变体只留下了平均：要每个种子一个结果。",
    en="Only a mean is left of each variant: one result per seed is wanted.",
)
def averaged(experiment, settings, changes, seeds):
    found = solutions.ablate(experiment, settings, changes, seeds)
    return {name: [sum(values) / len(values)] for name, values in found.items()}


@mistake(
    "ablate",
    zh="名字里要有值：`depth=5`，不是 `depth`。",
    en="The names have the value in them: `depth=5`, not `depth`.",
)
def value_not_named(experiment, settings, changes, seeds):
    found = solutions.ablate(experiment, settings, changes, seeds)
    return {name.split("=")[0]: values for name, values in found.items()}


@mistake(
    "ablate",
    zh="所有的改动同时做了：一次只改一项，才知道是谁的作用。",
    en="All changes are made at once: change one at a time, or you don't know which one did it.",
)
def all_at_once(experiment, settings, changes, seeds):
    found = solutions.ablate(experiment, settings, changes, seeds := list(seeds))
    both = [experiment(seed=seed, **settings | changes) for seed in seeds]
    return {name: values if name == "baseline" else both for name, values in found.items()}


@mistake(
    "ablate",
    zh="写错的名字发现得太晚：先检查所有的名字，再开始实验。",
    en="The misspelt name is found too late: check all names, then start the experiments.",
)
def typo_found_late(experiment, settings, changes, seeds):
    seeds = list(seeds)
    found = {"baseline": [experiment(seed=seed, **settings) for seed in seeds]}
    for key, value in changes.items():
        if key not in settings:
            raise ValueError(f"unknown: {key}")
        found[f"{key}={value}"] = [experiment(seed=seed, **settings | {key: value}) for seed in seeds]
    return found


def sides(f, dim_in, trials, draw=torch.randn):
    """Both sides of each trial."""
    for _ in range(trials):
        x, y, (a, b) = draw(dim_in), draw(dim_in), draw(2)
        yield f(a * x + b * y), a * f(x) + b * f(y)


def agree(left, right):
    return bool((left - right).norm() <= 1e-4 * (left.norm() + right.norm()))


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
        if not (f(a * x) - a * f(x)).norm() <= 1e-4 * (a * f(x)).norm():
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
            if not (f(a * e) - a * f(e)).norm() <= 1e-4 * (a * f(e)).norm():
                return False
    return True


@mistake(
    "is_linear",
    zh="绝对误差看不清大小：大数的线性映射过不了，小数的非线性映射却过了；与各项的大小比。",
    en="An absolute error fails linear maps of large values and passes small ones that are not linear: compare with the size of the terms.",
)
def absolute_error(f, dim_in, trials=10):
    return all(bool((left - right).norm() <= 1e-4) for left, right in sides(f, dim_in, trials))


@mistake(
    "is_linear",
    zh="`allclose` 的 `atol` 放过了它：`1e-6 * |x|` 的值本来就小，误差要与它比。",
    en="The `atol` of `allclose` lets it pass: the values of `1e-6 * |x|` are small themselves; compare the error with them.",
)
def too_lenient(f, dim_in, trials=10):
    return all(torch.allclose(left, right, rtol=1e-3, atol=1e-4) for left, right in sides(f, dim_in, trials))


@mistake(
    "is_linear",
    zh="只用正数去试：在正数上，绝对值也像是线性的。",
    en="You tried positive numbers only: there the absolute value passes for linear.",
)
def positive_only(f, dim_in, trials=10):
    return all(agree(*both) for both in sides(f, dim_in, trials, torch.rand))


@mistake(
    "is_linear",
    zh="有一次相等就说线性：要每一次都相等。",
    en="One agreement is enough for you: every trial must agree.",
)
def any_for_all(f, dim_in, trials=10):
    return any([agree(*both) for both in sides(f, dim_in, trials)])


@mistake("is_linear", zh="只试了一次：要试 `trials` 次。", en="Tried once: it should be `trials` times.")
def one_trial(f, dim_in, trials=10):
    return all(agree(*both) for both in sides(f, dim_in, 1))


@mistake(
    "is_linear",
    zh="NaN 被当成了相等：`error > bound` 对 NaN 是假，写成 `not error <= bound`。",
    en="NaN counts as equal: `error > bound` is false for NaN, so write `not error <= bound`.",
)
def nan_agrees(f, dim_in, trials=10):
    found = True
    for left, right in sides(f, dim_in, trials):
        found = found and not (left - right).norm() > 1e-4 * (left.norm() + right.norm())
    return bool(found)


@mistake(
    "is_linear",
    zh="浮点数有舍入，两边很少完全相等：要留余地。",
    en="Floating-point numbers are rounded, and both sides are seldom quite equal: leave a tolerance.",
)
def exact_equality(f, dim_in, trials=10):
    return all(torch.equal(*both) for both in sides(f, dim_in, trials))


@mistake("is_linear", zh="答案正好反了。", en="Every answer is the opposite.")
def opposite(f, dim_in, trials=10):
    return not solutions.is_linear(f, dim_in, trials)


@mistake(
    "matmul_columns",
    zh="`*` 是逐元素相乘，还要沿 `dim=1` 求和。",
    en="`*` multiplies element by element; the sum along `dim=1` is missing.",
)
def sum_missing(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(B.shape[1]):
        product[:, j] = A * B[:, j]
    return product


@mistake(
    "matmul_columns",
    zh="按 `B` 的行混合了：第 `j` 列的份量是 `B[:, j]`。",
    en="You mixed by rows of `B`: the recipe of column `j` is `B[:, j]`.",
)
def rows_as_recipe(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(B.shape[1]):
        product[:, j] = (A * B[j]).sum(dim=1)
    return product


@mistake(
    "matmul_columns",
    zh="列叠成了行：结果是转置的。",
    en="The columns are stacked as rows: the result is transposed.",
)
def stacked_as_rows(A, B):
    return torch.stack([(A * B[:, j]).sum(dim=1) for j in range(B.shape[1])])


@mistake(
    "matmul_columns",
    zh="没有列时 `torch.stack` 会报错：先造好全零的结果。",
    en="`torch.stack` fails without columns: make the result of zeros first.",
)
def no_columns_no_stack(A, B):
    return torch.stack([(A * B[:, j]).sum(dim=1) for j in range(B.shape[1])], dim=1)


@mistake(
    "matmul_columns",
    zh="沿错了方向求和：`A` 的各列要加在一起，是 `dim=1`。",
    en="The sum runs the wrong way: the columns of `A` are added up, along `dim=1`.",
)
def summed_down(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(B.shape[1]):
        product[:, j] = (A * B[:, j]).sum(dim=0)
    return product


@mistake(
    "matmul_columns",
    zh="结果总是 `float32`：造全零矩阵时写上 `dtype=A.dtype`。",
    en="The result is always `float32`: make the zeros with `dtype=A.dtype`.",
)
def always_float32(A, B):
    return solutions.matmul_columns(A, B).float()


@mistake("matmul_columns", zh="是加权的和，不是平均。", en="It is a weighted sum, not a mean.")
def mean_of_columns(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(B.shape[1]):
        product[:, j] = (A * B[:, j]).mean(dim=1)
    return product


@mistake("matmul_columns", zh="乘反了：这是 `B` 乘 `A`。", en="The wrong way round: that is `B` times `A`.")
def factors_exchanged(A, B):
    return solutions.matmul_columns(B, A)


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
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(B)):
        product = A[:, k, None] * B[k]
    return product


@mistake(
    "matmul_outer",
    zh="取成了 `A` 的行与 `B` 的列：外积是列乘行。",
    en="You took rows of `A` and columns of `B`: an outer product is a column times a row.",
)
def rows_times_columns(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(B)):
        product = product + A[k, :, None] * B[:, k]
    return product


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
    zh="少了 `[:, None]`：一行乘一行是逐元素的，列要先竖起来。",
    en="A `[:, None]` is missing: row times row goes element by element; turn the column upright first.",
)
def column_not_upright(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(B)):
        product = product + A[:, k] * B[k]
    return product


@mistake("matmul_outer", zh="漏了第一项：`k` 从 0 开始。", en="The first term is missing: `k` begins at 0.")
def first_term_missing(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(1, len(B)):
        product = product + A[:, k, None] * B[k]
    return product


@mistake(
    "matmul_outer",
    zh="结果总是 `float32`：造全零矩阵时写上 `dtype=A.dtype`。",
    en="The result is always `float32`: make the zeros with `dtype=A.dtype`.",
)
def float32_in_any_case(A, B):
    return solutions.matmul_outer(A, B).float()


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


@mistake(
    "trace", zh="少了最后一个：`range` 到 `len(A)` 为止。", en="The last one is missing: let `range` run to `len(A)`."
)
def last_one_missing(A):
    return A.diagonal()[:-1].sum()


@mistake("trace", zh="不取绝对值：负的照样减去。", en="No absolute values: what is negative counts as negative.")
def absolute_values(A):
    return A.diagonal().abs().sum()


@mistake("trace", zh="这是对角线本身：还要求和。", en="That is the diagonal itself: it is still to be summed.")
def diagonal_itself(A):
    return A.diagonal()


@mistake(
    "trace",
    zh="这是旁边的一条对角线：`diagonal` 的偏移应是 0。",
    en="That is a diagonal beside it: the offset of `diagonal` should be 0.",
)
def beside_the_diagonal(A):
    return A.diagonal(1).sum() if len(A) else A.sum()


def eliminated(A, *, sign=True, zero=0.0, clone=True):
    U, det = A.clone() if clone else A, torch.ones((), dtype=A.dtype)
    for j in range(len(U)):
        pivot = j + int(U[j:, j].abs().argmax())
        if U[pivot, j].abs() <= zero:
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
    U, det = A.clone(), torch.ones((), dtype=A.dtype)
    for j in range(len(U)):
        det = det * U[j, j]
        U[j + 1 :] -= U[j + 1 :, j, None] / U[j, j] * U[j]
    return det


@mistake(
    "determinant",
    zh="选了第一个非零的主元：除以极小的数，舍入误差就淹没了一切。",
    en="You took the first pivot that isn't 0: divide by a tiny one, and rounding errors drown the rest.",
)
def first_nonzero_pivot(A):
    U, det = A.clone(), torch.ones((), dtype=A.dtype)
    for j in range(len(U)):
        nonzero = U[j:, j].nonzero()
        if not len(nonzero):
            return torch.zeros_like(det)
        pivot = j + int(nonzero[0])
        if pivot != j:
            U[[j, pivot]], det = U[[pivot, j]], -det
        det = det * U[j, j]
        U[j + 1 :] -= U[j + 1 :, j, None] / U[j, j] * U[j]
    return det


@mistake(
    "determinant",
    zh="小的主元不是 0：只有整列恰好是 0，行列式才是 0。",
    en="A small pivot is not 0: only a column of exact zeros makes the determinant 0.",
)
def small_pivot_is_zero(A):
    return eliminated(A, zero=1e-6)


@mistake(
    "determinant",
    zh="每次消元都变了号：只有真的交换了两行，符号才变。",
    en="The sign turns at every step: it should turn only where two rows really change places.",
)
def sign_at_every_step(A):
    return eliminated(A, sign=False) * (-1) ** len(A)


@mistake(
    "determinant",
    zh="把主元化成了 1，却没有把它乘进行列式。",
    en="The pivots are made 1, but they are not multiplied into the determinant.",
)
def normalised_rows(A):
    return eliminated(A).sign()


@mistake("determinant", zh="不考虑符号：行列式可以是负的。", en="The sign is lost: a determinant may be negative.")
def absolute_determinant(A):
    return eliminated(A).abs()


@mistake(
    "determinant",
    zh="每一项都是加号，没有算排列的符号：这是积和式（permanent）。",
    en="All terms have a plus, without the sign of the permutation: that is the permanent.",
)
def permanent(A):
    if not len(A):
        return torch.ones((), dtype=A.dtype)
    rest = [torch.cat([A[1:, :j], A[1:, j + 1 :]], dim=1) for j in range(len(A))]
    return torch.stack([A[0, j] * permanent(rest[j]) for j in range(len(A))]).sum()


@mistake(
    "determinant",
    zh="没有先 `A.clone()`：传入的矩阵被改动了。",
    en="There is no `A.clone()` at the beginning: the matrix passed in is changed.",
)
def without_clone(A):
    return eliminated(A, clone=False)


@mistake(
    "determinant", zh="这是 torch 现成的：这一题要自己消元。", en="That is torch's own: here you eliminate yourself."
)
def ready_made_determinant(A):
    return torch.linalg.det(A)


def pivots(A, tol, *, relative=True, same_row=True, exchange=True, below=torch.le):
    U, found = A.clone(), 0
    zero = tol * (U.abs().max() if relative and U.numel() else torch.ones(()))
    for j in range(U.shape[1]):
        row = found if same_row else j
        if row >= len(U) or below(U[row:, j].abs().max() if exchange else U[row, j].abs(), zero):
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
def row_skipped(A, tol=1e-4):
    return pivots(A, tol, same_row=False)


@mistake(
    "rank",
    zh="小不等于 0：要与最大的元素比。",
    en="Small is not zero: compare with the largest entry.",
)
def absolute_zero(A, tol=1e-4):
    return pivots(A, tol, relative=False)


@mistake(
    "rank",
    zh="主元是 0 时要换行：往下找一个不是 0 的。",
    en="Where the pivot is 0, exchange rows: look for another below.",
)
def no_exchange(A, tol=1e-4):
    return pivots(A, tol, exchange=False)


@mistake("rank", zh="你数的是非零的行，没有消元。", en="You counted the rows that aren't zero, without eliminating.")
def nonzero_rows(A, tol=1e-4):
    return int((A.abs().sum(dim=1) > 0).sum())


@mistake(
    "rank", zh="这是行数和列数中较小的：那只是上界。", en="That is the smaller of both sizes: only an upper bound."
)
def smaller_side(A, tol=1e-4):
    return min(A.shape)


@mistake("rank", zh="没有用上 `tol`。", en="`tol` is not used.")
def tolerance_unused(A, tol=1e-4):
    return pivots(A, 1e-4)


@mistake(
    "rank",
    zh="恰好等于 `tol` 倍最大元素的，不算主元：是“大于”，不是“大于等于”。",
    en="What is exactly `tol` times the largest entry is no pivot: more than, not at least.",
)
def at_least(A, tol=1e-4):
    return pivots(A, tol, below=torch.lt) if bool(A.any()) else 0


@mistake(
    "rank",
    zh="只有恰好是 0 的才算 0：舍入误差被数成了主元。",
    en="Only what is exactly 0 counts as 0: rounding errors are counted as pivots.",
)
def exactly_zero(A, tol=1e-4):
    return pivots(A, 0.0)


@mistake(
    "rank",
    zh="遇到没有主元的列就停了：还要看后面的列。",
    en="You stop at the first column without a pivot: look at the later columns too.",
)
def stops_early(A, tol=1e-4):
    U, found = A.clone(), 0
    for j in range(min(U.shape)):
        pivot = found + int(U[found:, j].abs().argmax())
        if U[pivot, j].abs() <= tol * A.abs().max():
            break
        U[[found, pivot]] = U[[pivot, found]]
        U[found + 1 :] -= U[found + 1 :, j, None] / U[found, j] * U[found]
        found += 1
    return found


@mistake("rank", zh="这是现成的：这一题要自己消元。", en="That is ready-made: here you eliminate yourself.")
def ready_made_rank(A, tol=1e-4):
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


@mistake(
    "change_of_basis",
    zh="只乘了左边的 `P⁻¹`：右边的 `P` 把新坐标翻成旧坐标。",
    en="Only `P⁻¹` on the left: the `P` on the right goes from new coordinates to old ones.",
)
def only_the_inverse(A, basis):
    return torch.linalg.solve(basis, A)


@mistake(
    "change_of_basis",
    zh="求了 `A` 的逆：要的是 `basis` 的逆。",
    en="You inverted `A`: it is `basis` that has to be inverted.",
)
def wrong_inverse(A, basis):
    return torch.linalg.solve(A, basis @ A)


@mistake(
    "change_of_basis",
    zh="次序错了：`P⁻¹` 与 `P` 要站在 `A` 的两边。",
    en="The order is wrong: `P⁻¹` and `P` stand on either side of `A`.",
)
def same_side(A, basis):
    return torch.linalg.inv(basis) @ basis @ A


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


@mistake(
    "identities",
    zh="和的逆不是逆的和：连数都不是，`1/(1+1)` 不是 `1/1 + 1/1`。",
    en="The inverse of a sum is not the sum of inverses: not even for numbers, `1/(1+1)` is not `1/1 + 1/1`.",
)
def inverse_of_a_sum():
    return guess(**{"(A + B)^-1 = A^-1 + B^-1": True})


@mistake(
    "identities",
    zh="行列式对乘积分得开，对和分不开。",
    en="A determinant goes with products, not with sums.",
)
def determinant_of_a_sum():
    return guess(**{"det(A + B) = det(A) + det(B)": True})


@mistake(
    "identities",
    zh="`ABC` 轮换成 `BCA`，迹不变：它是成立的。",
    en="`ABC` goes round to `BCA` and the trace stays: it does hold.",
)
def cycle_denied():
    return guess(**{"tr(ABC) = tr(BCA)": False})


@mistake(
    "identities",
    zh="逆与转置可以交换次序：它是成立的。",
    en="Inverse and transpose may change places: it does hold.",
)
def inverse_transpose_denied():
    return guess(**{"(A^-1)^T = (A^T)^-1": False})


@mistake(
    "identities",
    zh="乘积的行列式就是行列式的乘积：体积的倍数相乘。",
    en="The determinant of a product is the product of determinants: factors of volume multiply.",
)
def determinant_of_a_product_denied():
    return guess(**{"det(AB) = det(A) det(B)": False})


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


@mistake(
    "matrix_of_rank",
    zh="满秩也是可以的：`r` 可以等于较小的边长。",
    en="Full rank exists too: `r` may be as large as the smaller side.",
)
def full_rank_refused(n, m, r, seed):
    if r == min(n, m):
        raise ValueError(f"rank {r} is too much")
    return solutions.matrix_of_rank(n, m, r, seed)


@mistake(
    "matrix_of_rank",
    zh="没有随机：`n r` 与 `r m` 都是 1，秩最多是 1。",
    en="Nothing is random: `n r` and `r m` are all ones, and the rank is 1 at most.",
)
def all_ones(n, m, r, seed):
    solutions.matrix_of_rank(n, m, r, seed)
    return torch.ones(n, r) @ torch.ones(r, m)


@mistake(
    "matrix_of_rank",
    zh="形状是转置的：应有 `n` 行 `m` 列。",
    en="The shape is transposed: `n` rows and `m` columns are wanted.",
)
def sides_exchanged(n, m, r, seed):
    return solutions.matrix_of_rank(n, m, r, seed).T


@mistake(
    "matrix_of_rank",
    zh="把后面的行清零，秩是对了，矩阵却不全是随机的。",
    en="Rows of zeros give the right rank, but then not every entry is random.",
)
def rows_of_zeros(n, m, r, seed):
    A = solutions.matrix_of_rank(n, m, r, seed)
    full = torch.randn(n, m, generator=generated(seed))
    return full * (torch.arange(n)[:, None] < r) if r < min(n, m) else A


@mistake(
    "matrix_of_rank",
    zh="秩不会是负的：`r < 0` 也要报错。",
    en="No rank is negative: `r < 0` must raise an error too.",
)
def negative_rank_allowed(n, m, r, seed):
    return solutions.matrix_of_rank(n, m, max(r, 0), seed)


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
    "low_rank",
    zh="只剩第 `k` 项：前 `k` 项都要留。",
    en="Only term `k` is left: keep all of the first `k`.",
)
def only_term_k(A, k):
    return solutions.low_rank(A, k) - solutions.low_rank(A, max(k - 1, 0))


@mistake("low_rank", zh="少了一项：`:k` 就是 `k` 项。", en="One term too few: `:k` are `k` terms.")
def one_too_few(A, k):
    return solutions.low_rank(A, max(k - 1, 0))


@mistake("low_rank", zh="奇异值不要平方。", en="The singular values are not squared.")
def values_squared(A, k):
    U, S, Vh = svd(A)
    return U[:, :k] * S[:k] ** 2 @ Vh[:k]


@mistake("low_rank", zh="没有截断：这就是 `A` 自己。", en="Nothing is cut off: that is `A` itself.")
def nothing_cut_off(A, k):
    return A.clone()


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
    zh="没有归一化：向量越乘越长（或越短），最后溢出；长度也不是 1。",
    en="Not normalised: the vector grows (or shrinks) until it overflows, and its length is not 1.",
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
    return solutions.power_iteration(A, min(steps, 1), seed)


@mistake(
    "power_iteration",
    zh="向量的长度不是 1：最后一次相乘之后也要归一化。",
    en="The vector has no unit length: normalise after the last multiplication too.",
)
def last_not_normalised(A, steps, seed=0):
    value, vector = solutions.power_iteration(A, steps, seed)
    return value, A @ vector


def iterated(A, v, steps, norm=torch.linalg.norm):
    v = v / norm(v)
    for _ in range(steps):
        v = A @ v
        v = v / norm(v)
    return v @ A @ v, v


@mistake("power_iteration", zh="多乘了一次。", en="One multiplication too many.")
def one_step_too_many(A, steps, seed=0):
    return solutions.power_iteration(A, steps + 1, seed)


@mistake("power_iteration", zh="少乘了一次。", en="One multiplication too few.")
def one_step_too_few(A, steps, seed=0):
    return solutions.power_iteration(A, max(steps - 1, 0), seed)


@mistake(
    "power_iteration",
    zh="起点总是全 1：它可能与要找的方向恰好垂直；用随机的起点。",
    en="The start is always ones: it may be perpendicular to the direction wanted; start at random.",
)
def start_of_ones(A, steps, seed=0):
    return iterated(A, torch.ones(len(A)).to(A), steps)


@mistake("power_iteration", zh="没有用上 `seed`。", en="`seed` is not used.")
def seed_without_use(A, steps, seed=0):
    return solutions.power_iteration(A, steps, 0)


@mistake(
    "power_iteration",
    zh="`torch.manual_seed` 改了所有人的随机数：用自己的 `torch.Generator`。",
    en="`torch.manual_seed` changes everybody's random numbers: use a `torch.Generator` of your own.",
)
def seeds_everybody(A, steps, seed=0):
    torch.manual_seed(seed)
    return iterated(A, torch.randn(len(A)).to(A), steps)


@mistake(
    "power_iteration",
    zh="除以了最大的元素：要除以长度（`norm`）。",
    en="Divided by the largest entry: divide by the length (`norm`).",
)
def largest_entry_one(A, steps, seed=0):
    return iterated(A, torch.randn(len(A), generator=generated(seed)).to(A), steps, lambda v: v.abs().max())


@mistake(
    "power_iteration",
    zh="特征值要用返回的那个向量算 `v·Av`，不是用前一步的。",
    en="The eigenvalue is `v·Av` of the vector that you return, not of the one before.",
)
def value_of_the_step_before(A, steps, seed=0):
    return solutions.power_iteration(A, max(steps - 1, 0), seed)[0], solutions.power_iteration(A, steps, seed)[1]


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
    "is_symmetric",
    zh="`torch.allclose` 还有相对误差：加上 `rtol=0`，只看 `atol`。",
    en="`torch.allclose` has a relative tolerance too: pass `rtol=0`, so that `atol` alone counts.",
)
def relative_too(A, atol=1e-5):
    return square(A) and torch.allclose(A, A.T, atol=atol)


@mistake("is_symmetric", zh="没有用上 `atol`。", en="`atol` is not used.")
def atol_unused(A, atol=1e-5):
    return solutions.is_symmetric(A)


@mistake(
    "is_symmetric",
    zh="恰好等于 `atol` 也可以：是 `<=`，不是 `<`。",
    en="Exactly `atol` is still right: `<=`, not `<`.",
)
def strictly_less(A, atol=1e-5):
    return square(A) and bool(((A - A.T).abs() < atol).all())


@mistake(
    "is_symmetric",
    zh="`atol` 管每一个元素，不管所有差合起来的大小。",
    en="`atol` is for each entry, not for all differences together.",
)
def norm_of_differences(A, atol=1e-5):
    return square(A) and bool((A - A.T).norm() <= atol)


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
    "is_orthogonal",
    zh="误差有正有负，和为 0 不等于每个都是 0。",
    en="Errors have both signs: a sum of 0 doesn't make each of them 0.",
)
def sum_of_errors(Q, atol=1e-5):
    return square(Q) and bool((Q.T @ Q - torch.eye(len(Q)).to(Q)).sum().abs() <= atol)


@mistake(
    "is_orthogonal", zh="浮点数有舍入：比较要留余地。", en="Floating-point numbers are rounded: leave a tolerance."
)
def exactly_orthogonal(Q, atol=1e-5):
    return square(Q) and torch.equal(Q.T @ Q, torch.eye(len(Q)).to(Q))


@mistake("is_orthogonal", zh="没有用上 `atol`。", en="`atol` is not used.")
def atol_without_use(Q, atol=1e-5):
    return solutions.is_orthogonal(Q)


@mistake(
    "is_orthogonal",
    zh="`atol` 管每一个元素，不管所有误差合起来的大小。",
    en="`atol` is for each entry, not for all errors together.",
)
def norm_of_errors(Q, atol=1e-5):
    return square(Q) and bool((Q.T @ Q - torch.eye(len(Q)).to(Q)).norm() <= atol)


@mistake(
    "is_orthogonal",
    zh="要乘的是转置：`Q.T @ Q`，不是 `Q @ Q`。",
    en="Multiply by the transpose: `Q.T @ Q`, not `Q @ Q`.",
)
def own_inverse(Q, atol=1e-5):
    return square(Q) and bool(((Q @ Q - torch.eye(len(Q)).to(Q)).abs() <= atol).all())


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
    "is_rotation", zh="符号反了：行列式为负的是反射。", en="The wrong sign: a negative determinant is a reflection."
)
def reflections_only(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool(torch.linalg.det(R) < 0)


@mistake("is_rotation", zh="没有用上 `atol`。", en="`atol` is not used.")
def without_atol(R, atol=1e-5):
    return solutions.is_rotation(R)


@mistake(
    "is_rotation",
    zh="看的是迹：半圈的迹是负的，它仍是旋转；要看行列式。",
    en="You look at the trace: a half turn has a negative one and is a rotation; look at the determinant.",
)
def by_the_trace(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool(R.trace() > 0)


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


@mistake(
    "rotation_2d",
    zh="`sin` 和 `cos` 调换了：角度为 0 时应是单位矩阵。",
    en="`sin` and `cos` have changed places: an angle of 0 should give the identity.",
)
def sin_for_cos(theta):
    cos, sin = theta.cos(), theta.sin()
    return torch.stack([sin, -cos, cos, sin]).reshape(2, 2)


@mistake("rotation_2d", zh="转了两倍的角度。", en="It turns by twice the angle.")
def twice_the_angle(theta):
    return solutions.rotation_2d(2 * theta)


@mistake(
    "rotation_2d",
    zh="少了一个负号：两个 `sin` 的符号相反。",
    en="A minus sign is missing: the two sines have opposite signs.",
)
def minus_missing(theta):
    cos, sin = theta.cos(), theta.sin()
    return torch.stack([cos, sin, sin, cos]).reshape(2, 2)


@mistake(
    "rotation_2d",
    zh="一部分元素与 `theta` 断开了：梯度不对。",
    en="Some of the entries are cut off from `theta`: the gradient is wrong.",
)
def half_cut_off(theta):
    cos, sin = theta.cos().detach(), theta.sin()
    return torch.stack([cos, -sin, sin, cos]).reshape(2, 2)
