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
    zh="顺序反了：第一个数应属于离输入最近的一层。",
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
    zh="偏置乘错了矩阵：每一步，积下来的偏置只乘下一层的矩阵，不乘累积的乘积。",
    en="The bias meets the wrong matrix: at each step, multiply the bias so far by the next layer's matrix alone, not by the product so far.",
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
    zh="`seed` 按位置传了：实验的参数顺序你并不知道，用 `seed=seed`。",
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
    zh="小的主元不是 0：某一列在还没用过的行里恰好全是 0，行列式才是 0。",
    en="A small pivot is not 0: only a column of exact zeros, in the rows not yet used, makes the determinant 0.",
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
    zh="转置不是逆：只有基向量两两垂直、长度都是 1 时才可以这样写。",
    en="A transpose is no inverse: that is right only if the basis vectors are perpendicular and of length 1.",
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
    zh="顺序错了：`P⁻¹` 与 `P` 要站在 `A` 的两边。",
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


@mistake("identities", zh="乘积的转置要颠倒顺序。", en="The transpose of a product reverses the order.")
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
    zh="乘积的逆是逆的乘积，顺序颠倒（先穿的后脱）：它是成立的。",
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
    zh="逆与转置可以交换顺序：它是成立的。",
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
    zh="全局的种子（`torch.manual_seed`、`np.random.seed`）改了所有人的随机数：用自己的 `torch.Generator`。",
    en="A global seed (`torch.manual_seed`, `np.random.seed`) changes everybody's random numbers: use a `torch.Generator` of your own.",
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
    zh="乘成了转置：矩阵不对称时，`A.T` 的特征向量一般与 `A` 的不同。",
    en="You multiplied by the transpose: if `A` isn't symmetric, `A.T` has other eigenvectors in general.",
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
    "is_symmetric",
    zh="每个方阵都过得了：差在求和时相消，对角线上的差总是 0；要每一个差都小。",
    en="Every square matrix passes: the differences cancel in a sum, and are 0 on the diagonal; each one must be small.",
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


def worked(A, *, pick=None, alias=False, multiples=None, zero=True, last=0):
    """Elimination with one piece changed."""
    U, det = A.clone(), torch.ones((), dtype=A.dtype)
    for j in range(len(U) - last):
        pivot = pick(U, j) if pick else j + int(U[j:, j].abs().argmax())
        if zero and U[pivot, j] == 0:
            return torch.zeros_like(det)
        if pivot != j:
            det = -det
            if alias:
                U[j], U[pivot] = U[pivot], U[j]
            else:
                U[[j, pivot]] = U[[pivot, j]]
        det = det * U[j, j]
        factors = multiples(U, j) if multiples else U[j + 1 :, j, None] / U[j, j]
        U[j + 1 :] -= factors * U[j]
    return det


def searched(A, tol, *, size=None, pick=None, alias=False, rest=False, columns=None, guard=True, clone=True):
    """The search for pivots with one piece changed."""
    U, found = A.clone() if clone else A, 0
    zero = tol * (size(A) if size else A.abs().max()) if A.numel() else 0.0
    for j in columns(U) if columns else range(U.shape[1]):
        if guard and found == len(U):
            break
        pivot = pick(U, found, j) if pick else found + int(U[found:, j].abs().argmax())
        if U[pivot, j].abs() <= (tol * U[found:].abs().max() if rest else zero):
            continue
        if alias:
            U[found], U[pivot] = U[pivot], U[found]
        else:
            U[[found, pivot]] = U[[pivot, found]]
        U[found + 1 :] -= U[found + 1 :, j, None] / U[found, j] * U[found]
        found += 1
    return found


@mistake(
    "xor_weights",
    zh="第二个单元没有减去：两个都是 1 时答案是 2；那是数 1 的个数。",
    en="The second unit is not subtracted, and two ones give 2: that counts the ones.",
)
def counts_the_ones():
    W1, b1, _, b2 = solutions.xor_weights()
    return W1, b1, torch.tensor([[1.0, 0]]), b2


@mistake(
    "xor_weights",
    zh="只有一种“不同”算了进去：另一种要有第二个单元。",
    en="Only one way to differ counts: the other needs the second unit.",
)
def one_way_only():
    return torch.tensor([[1.0, -1], [1, -1]]), torch.zeros(2), torch.tensor([[1.0, 0]]), torch.zeros(1)


@mistake(
    "xor_weights",
    zh="只有一种“不同”算了进去：另一种要有第二个单元。",
    en="Only one way to differ counts: the other needs the second unit.",
)
def the_other_way_only():
    return torch.tensor([[-1.0, 1], [-1, 1]]), torch.zeros(2), torch.tensor([[1.0, 0]]), torch.zeros(1)


@mistake("xor_weights", zh="第二个单元应减去，不是加上。", en="The second unit is to be subtracted, not added.")
def second_unit_added():
    W1, b1, W2, b2 = solutions.xor_weights()
    return W1, b1, W2.abs(), b2


@mistake(
    "xor_weights",
    zh="这些权重适合阶跃函数：ReLU 给出的不是 0 和 1，而是超过多少就是多少。",
    en="These weights suit a step function: a ReLU doesn't answer 0 or 1, but how far its sum is above 0.",
)
def for_a_step_function():
    W1, _, _, b2 = solutions.xor_weights()
    return W1, torch.tensor([-0.5, -1.5]), torch.tensor([[1.0, -1]]), b2


@mistake("xor_weights", zh="只有两个都是 1 时答案才是 0：这是 NAND。", en="It says 0 for two ones only: that is NAND.")
def nand_for_xor():
    W1, b1, _, _ = solutions.xor_weights()
    return W1, b1, torch.tensor([[0.0, -1]]), torch.ones(1)


@mistake(
    "mlp_forward",
    zh="每一层都用了最初的 `x`：应接着用上一层的输出。",
    en="Every layer gets the first `x`: go on with what the layer before put out.",
)
def always_the_input(x, weights, biases):
    h = x
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = (x @ W.T + b).relu()
    return h @ weights[-1].T + biases[-1]


@mistake(
    "mlp_forward",
    zh="样本是行：应是 `x @ W.T + b`，不是 `W @ x + b`。",
    en="Samples are rows: it is `x @ W.T + b`, not `W @ x + b`.",
)
def samples_taken_for_columns(x, weights, biases):
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        x = W @ x + b
        x = x.relu() if i < len(weights) - 1 else x
    return x


@mistake("mlp_forward", zh="最后一层没有加偏置。", en="The last layer's bias is missing.")
def last_bias_missing(x, weights, biases):
    return mlp(x, weights, [*biases[:-1], 0 * biases[-1]])


@mistake("mlp_forward", zh="每一层都加了第一层的偏置。", en="Every layer adds the first layer's bias.")
def first_bias_everywhere(x, weights, biases):
    return mlp(x, weights, [biases[0]] * len(biases))


@mistake(
    "mlp_forward",
    zh="`squeeze` 去掉了只有一个样本时的那一维：输出总是每行一个样本。",
    en="`squeeze` removes the batch axis where there is one sample: the output has a row per sample.",
)
def batch_of_one_squeezed(x, weights, biases):
    return mlp(x, weights, biases).squeeze()


@mistake(
    "mlp_forward",
    zh="最后没有 softmax：输出就是最后一层的值。",
    en="There is no softmax at the end: the last layer's values are the output.",
)
def softmax_at_the_end(x, weights, biases):
    return mlp(x, weights, biases).softmax(dim=-1)


@mistake(
    "mlp_forward",
    zh="最后没有 sigmoid：输出就是最后一层的值。",
    en="There is no sigmoid at the end: the last layer's values are the output.",
)
def sigmoid_at_the_end(x, weights, biases):
    return mlp(x, weights, biases).sigmoid()


@mistake("mlp_forward", zh="激活函数是 ReLU，不是 tanh。", en="The activation is ReLU, not tanh.")
def tanh_between(x, weights, biases):
    return mlp(x, weights, biases, between=torch.tanh)


@mistake(
    "mlp_forward",
    zh="负的应变成 0：取绝对值不是 ReLU。",
    en="What is negative becomes 0: the absolute value is no ReLU.",
)
def absolute_value_between(x, weights, biases):
    return mlp(x, weights, biases, between=torch.abs)


@mistake("mlp_forward", zh="结果是转置的：每行一个样本。", en="The result is transposed: one row per sample.")
def answers_as_columns(x, weights, biases):
    return mlp(x, weights, biases).T


@mistake(
    "gradient_norms",
    zh="损失是所有元素的平均：先在每个样本里求和，就成了 `width` 倍。",
    en="The loss is the mean over all elements: summed within each sample it is `width` times as large.",
)
def summed_within_samples(depth, activation, width=64, seed=0):
    found, _ = gradients(depth, activation, width, seed, loss=lambda h: h.square().sum(dim=1).mean())
    return torch.stack([g.norm() for g in found])


@mistake(
    "gradient_norms", zh="损失里没有开方：是平方的平均。", en="The loss has no root: it is the mean of the squares."
)
def rooted_loss(depth, activation, width=64, seed=0):
    found, _ = gradients(depth, activation, width, seed, loss=lambda h: h.square().mean().sqrt())
    return torch.stack([g.norm() for g in found])


@mistake("gradient_norms", zh="损失里没有 ½。", en="The loss has no ½ in it.")
def half_the_loss(depth, activation, width=64, seed=0):
    return solutions.gradient_norms(depth, activation, width, seed) / 2


@mistake(
    "gradient_norms",
    zh="损失是平方的平均，不是绝对值的平均。",
    en="The loss is the mean of the squares, not of absolute values.",
)
def mean_of_absolute_outputs(depth, activation, width=64, seed=0):
    found, _ = gradients(depth, activation, width, seed, loss=lambda h: h.abs().mean())
    return torch.stack([g.norm() for g in found])


@mistake(
    "gradient_norms",
    zh="损失是平方的平均，不是输出的和。",
    en="The loss is the mean of the squares, not the sum of the outputs.",
)
def sum_of_outputs(depth, activation, width=64, seed=0):
    found, _ = gradients(depth, activation, width, seed, loss=lambda h: h.sum())
    return torch.stack([g.norm() for g in found])


@mistake(
    "gradient_norms",
    zh="这是最大的元素，不是范数：范数是平方和的平方根。",
    en="That is the largest entry, no norm: the norm is the root of the sum of squares.",
)
def largest_entries(depth, activation, width=64, seed=0):
    return torch.stack([g.abs().max() for g in gradients(depth, activation, width, seed)[0]])


@mistake(
    "gradient_norms",
    zh="这是绝对值之和：范数是平方和的平方根。",
    en="That is the sum of absolute values: the norm is the root of the sum of squares.",
)
def sums_of_absolute_values(depth, activation, width=64, seed=0):
    return torch.stack([g.abs().sum() for g in gradients(depth, activation, width, seed)[0]])


@mistake(
    "gradient_norms",
    zh="这是最大的奇异值（`ord=2` 对矩阵就是它）：要的是 `gradient.norm()`。",
    en="That is the largest singular value, which is what `ord=2` means for a matrix: take `gradient.norm()`.",
)
def spectral_norms(depth, activation, width=64, seed=0):
    return torch.stack([torch.linalg.norm(g, 2) for g in gradients(depth, activation, width, seed)[0]])


@mistake(
    "gradient_norms",
    zh="先乘权重，再经过激活函数：顺序反了。",
    en="The weights come first, then the activation: the order is the other one.",
)
def activation_before_weights(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    for W in weights:
        h = getattr(torch, activation)(h) @ W.requires_grad_().T
    return torch.stack([g.norm() for g in torch.autograd.grad(h.square().mean(), weights)])


@mistake(
    "gradient_norms",
    zh="损失与权重之间断开了：往前算之前，对每个 `W` 调用 `W.requires_grad_()`，中间也不要 `detach`。",
    en="The loss is cut off from the weights: call `W.requires_grad_()` on each before the forward pass, and detach nothing on the way.",
)
def no_gradients_asked_for(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    for W in weights:
        h = getattr(torch, activation)(h @ W.T)
    return torch.stack([g.norm() for g in torch.autograd.grad(h.square().mean(), weights)])


@mistake("gradient_norms", zh="没有激活函数。", en="There is no activation.")
def without_activation(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    for W in weights:
        h = h @ W.requires_grad_().T
    return torch.stack([g.norm() for g in torch.autograd.grad(h.square().mean(), weights)])


@mistake(
    "gradient_norms",
    zh="每层只看了自己的损失：损失只有一个，在最后。",
    en="Each layer is judged by a loss of its own: there is one loss, at the end.",
)
def a_loss_for_each_layer(depth, activation, width=64, seed=0):
    h, weights = solutions.deep_net(depth, activation, width, seed)
    norms = []
    for W in weights:
        h = getattr(torch, activation)(h.detach() @ W.requires_grad_().T)
        norms.append(torch.autograd.grad(h.square().mean(), W)[0].norm())
    return torch.stack(norms)


@mistake(
    "collapse_linear",
    zh="列表从最先的一层开始：你是从另一头合并的。",
    en="The lists begin with the first layer: you merged from the other end.",
)
def from_the_wrong_end(weights, biases):
    return solutions.collapse_linear(weights[::-1], biases[::-1])


@mistake(
    "collapse_linear",
    zh="先 `W`，后 `b`：返回的顺序反了。",
    en="`W` first, then `b`: you return them the other way round.",
)
def bias_returned_first(weights, biases):
    return tuple(reversed(solutions.collapse_linear(weights, biases)))


@mistake("collapse_linear", zh="结果里没有偏置。", en="The result has no bias.")
def no_bias_left(weights, biases):
    W, b = solutions.collapse_linear(weights, biases)
    return W, 0 * b


@mistake("collapse_linear", zh="最后一层的偏置加了两次。", en="The last layer's bias is added twice.")
def last_bias_twice(weights, biases):
    W, b = solutions.collapse_linear(weights, biases)
    return W, b + biases[-1]


@mistake(
    "collapse_linear",
    zh="从列表里取走了各层：传入的列表变空了。",
    en="You took the layers out of the lists: what was passed in is emptied.",
)
def lists_emptied(weights, biases):
    found = solutions.collapse_linear(weights, biases)
    weights.clear()
    biases.clear()
    return found


@mistake(
    "collapse_linear",
    zh="单位矩阵是 `float32` 的，与 `float64` 的权重合不来：写上 `dtype`。",
    en="The identity is `float32` and won't go with `float64` weights: give it their `dtype`.",
)
def identity_of_float32(weights, biases):
    W, b = torch.eye(weights[0].shape[1]), torch.zeros(weights[0].shape[1])
    for layer, bias in zip(weights, biases, strict=True):
        W, b = layer @ W, layer @ b + bias
    return W, b


@mistake("collapse_linear", zh="没有 ReLU：这一题只有线性层。", en="There is no ReLU: this stack is linear.")
def relu_in_the_bias(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = next_W @ W, next_W @ b.relu() + next_b
    return W, b


@mistake(
    "collapse_linear",
    zh="`*` 是逐元素相乘：这里要矩阵乘法 `@`。",
    en="`*` multiplies element by element: here it is the matrix product `@`.",
)
def layers_multiplied_elementwise(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = next_W * W, next_W @ b + next_b
    return W, b


@mistake("collapse_linear", zh="只剩下了最后一层。", en="Only the last layer is left.")
def only_the_last_layer(weights, biases):
    return weights[-1].clone(), biases[-1].clone()


@mistake(
    "ablate",
    zh="基线的值是 None（或 0、False、空的），名字也没有写错：用 `key in settings` 来问。",
    en="A setting that is None (or 0, False, empty) is no misspelt name: ask `key in settings`.",
)
def falsy_settings_refused(experiment, settings, changes, seeds):
    if not all(settings.get(key) for key in changes):
        raise ValueError("unknown")
    return solutions.ablate(experiment, settings, changes, seeds)


@mistake(
    "ablate",
    zh="改成 0、False 或空值，也是一项改动：不要跳过。",
    en="A change to 0, False or an empty value is a change too: don't skip it.",
)
def falsy_changes_skipped(experiment, settings, changes, seeds):
    return solutions.ablate(experiment, settings, {k: v for k, v in changes.items() if v or k not in settings}, seeds)


@mistake("ablate", zh="与基线相同的改动也要列出来。", en="A change that equals the baseline is listed too.")
def equal_changes_skipped(experiment, settings, changes, seeds):
    return solutions.ablate(
        experiment, settings, {k: v for k, v in changes.items() if k not in settings or settings[k] != v}, seeds
    )


@mistake("ablate", zh="只检查了第一个名字：每个都要查。", en="Only the first name is checked: check each.")
def first_name_checked(experiment, settings, changes, seeds):
    if changes and next(iter(changes)) not in settings:
        raise ValueError("unknown")
    known = {k: v for k, v in changes.items() if k in settings}
    found = solutions.ablate(experiment, settings, known, seeds := list(seeds))
    for key in set(changes) - set(settings):
        experiment(seed=seeds[0], **settings | {key: changes[key]})
    return found


@mistake(
    "ablate",
    zh="没有检查名字：写错的名字要在实验之前报 `ValueError`。",
    en="The names are not checked: a misspelt one must raise `ValueError` before any experiment.",
)
def names_unchecked(experiment, settings, changes, seeds):
    seeds, variants = list(seeds), {"baseline": settings}
    variants |= {f"{key}={value}": settings | {key: value} for key, value in changes.items()}
    return {name: [experiment(seed=seed, **variant) for seed in seeds] for name, variant in variants.items()}


@mistake(
    "ablate",
    zh="写错的名字应报 `ValueError`，不是 `KeyError`。",
    en="A misspelt name raises `ValueError`, not `KeyError`.",
)
def key_error_for_a_typo(experiment, settings, changes, seeds):
    for key in changes:
        settings[key]
    return solutions.ablate(experiment, settings, changes, seeds)


@mistake(
    "ablate",
    zh="写错的名字应报 `ValueError`，不是用 `assert`。",
    en="A misspelt name raises `ValueError`: an `assert` won't do.",
)
def typo_asserted(experiment, settings, changes, seeds):
    assert set(changes) <= set(settings)
    return solutions.ablate(experiment, settings, changes, seeds)


@mistake(
    "ablate",
    zh="设置按位置传了：用 `**settings`，按名字传。",
    en="The settings are passed by position: pass them by name, `**settings`.",
)
def settings_by_position(experiment, settings, changes, seeds):
    solutions.ablate(lambda seed, **now: 0.0, settings, changes, seeds := list(seeds))
    return solutions.ablate(lambda seed, **now: experiment(*now.values(), seed=seed), settings, changes, seeds)


@mistake(
    "ablate",
    zh="名字里的值照原样写，不要 `repr` 的引号。",
    en="The value stands in the name as it is, without the quotes of `repr`.",
)
def quoted_values(experiment, settings, changes, seeds):
    found = solutions.ablate(experiment, settings, {}, seeds := list(seeds))
    for key, value in changes.items():
        found[f"{key}={value!r}"] = solutions.ablate(experiment, settings, {key: value}, seeds)[f"{key}={value}"]
    return found


@mistake("ablate", zh="名字里没有空格：`depth=5`。", en="The names have no spaces: `depth=5`.")
def spaced_names(experiment, settings, changes, seeds):
    found = solutions.ablate(experiment, settings, changes, seeds)
    return {name.replace("=", " = "): values for name, values in found.items()}


@mistake(
    "ablate",
    zh="重复的种子只算了一次：每个种子一个结果，顺序不变。",
    en="A seed that occurs twice counts once: one result per seed, in their order.",
)
def seeds_made_a_set(experiment, settings, changes, seeds):
    return solutions.ablate(experiment, settings, changes, list(dict.fromkeys(seeds)))


@mistake(
    "ablate",
    zh="种子的顺序变了：结果的顺序应与 `seeds` 相同。",
    en="The seeds are sorted: the results come in the order of `seeds`.",
)
def seeds_sorted(experiment, settings, changes, seeds):
    return solutions.ablate(experiment, settings, changes, sorted(seeds))


@mistake("ablate", zh="结果被舍入了：照原样保留。", en="The results are rounded: keep them as they are.")
def rounded_results(experiment, settings, changes, seeds):
    return solutions.ablate(lambda **now: round(experiment(**now), 2), settings, changes, seeds)


@mistake("ablate", zh="只用了第一个种子。", en="Only the first seed is used.")
def first_seed_only(experiment, settings, changes, seeds):
    return solutions.ablate(experiment, settings, changes, list(seeds)[:1])


@mistake(
    "ablate",
    zh="返回的是与基线之差：要结果本身。",
    en="Those are differences from the baseline: the results themselves are wanted.",
)
def differences_from_the_baseline(experiment, settings, changes, seeds):
    found = solutions.ablate(experiment, settings, changes, seeds)
    base = found["baseline"]
    return {k: v if v is base else [a - b for a, b in zip(v, base, strict=True)] for k, v in found.items()}


@mistake("is_linear", zh="只看了第一个分量：每个分量都要比。", en="Only the first component is compared: compare all.")
def first_component_only(f, dim_in, trials=10):
    return all(bool((left - right)[0].abs() <= 1e-4 * left.abs().max()) for left, right in sides(f, dim_in, trials))


@mistake("is_linear", zh="只看了最后一个分量：每个分量都要比。", en="Only the last component is compared: compare all.")
def last_component_only(f, dim_in, trials=10):
    return all(bool((left - right)[-1].abs() <= 1e-4 * left.abs().max()) for left, right in sides(f, dim_in, trials))


@mistake(
    "is_linear",
    zh="误差先求了和（或平均），正负就相消了：看最大的绝对误差。",
    en="The errors are summed or averaged first, and cancel: take the largest absolute one.",
)
def errors_cancel(f, dim_in, trials=10):
    return all(bool((left - right).sum().abs() <= 1e-4 * left.abs().max()) for left, right in sides(f, dim_in, trials))


@mistake(
    "is_linear",
    zh="少试了一次：`trials` 是 1 时一次也没试。",
    en="One trial too few: with `trials` 1 there is none at all.",
)
def one_trial_too_few(f, dim_in, trials=10):
    return all(agree(*both) for both in sides(f, dim_in, trials - 1))


@mistake(
    "is_linear",
    zh="零映射没有通过：$m$ 是 0 时，除以大小得到 NaN，`<` 也不成立；不要除，用 `<=` 比。",
    en="The zero map doesn't pass: where $m$ is 0, dividing by a size gives NaN, and `<` is false; don't divide, and compare by `<=`.",
)
def zero_over_zero(f, dim_in, trials=10):
    return all(bool((left - right).norm() / left.norm() <= 1e-4) for left, right in sides(f, dim_in, trials))


@mistake(
    "is_linear",
    zh="只试了小的向量：还没有走到弯折的地方。",
    en="You tried small vectors only, which don't reach the bend.",
)
def small_vectors_only(f, dim_in, trials=10):
    return all(agree(*both) for both in sides(f, dim_in, trials, lambda n: 0.01 * torch.randn(n)))


@mistake(
    "is_linear",
    zh="只在整数处试了：要用带小数的数，整数处会碰巧相等。",
    en="Tried at integers: use real numbers, since at integers things may agree by chance.",
)
def integers_only(f, dim_in, trials=10):
    return all(agree(*both) for both in sides(f, dim_in, trials, lambda n: torch.randint(-4, 5, (n,)).float()))


@mistake("is_linear", zh="没有用上 `trials`：总是试 10 次。", en="`trials` is not used: it is always 10.")
def ten_trials_always(f, dim_in, trials=10):
    return all(agree(*both) for both in sides(f, dim_in, 10))


@mistake(
    "matmul_columns",
    zh="结果为空时给了 `float32`：要与 `A`、`B` 相同的 dtype。",
    en="An empty result is `float32`: give it the dtype of `A` and `B`.",
)
def empty_in_float32(A, B):
    columns = [(A * B[:, j]).sum(dim=1) for j in range(B.shape[1])]
    return torch.stack(columns, dim=1) if columns else torch.zeros(len(A), 0)


@mistake(
    "matmul_columns",
    zh="输入为空时直接给了 `float32` 的零：要与 `A`、`B` 相同的 dtype。",
    en="For empty inputs you return zeros of `float32`: give them the dtype of `A` and `B`.",
)
def zeros_in_float32_for_empty_inputs(A, B):
    return solutions.matmul_columns(A, B) if A.numel() and B.numel() else torch.zeros(len(A), B.shape[1])


@mistake(
    "matmul_columns",
    zh="各列接成了一列：用 `torch.stack(…, dim=1)` 并排放。",
    en="The columns are joined into one: put them side by side with `torch.stack(…, dim=1)`.",
)
def columns_joined(A, B):
    return torch.cat([(A * B[:, j]).sum(dim=1) for j in range(B.shape[1])])


@mistake(
    "matmul_columns",
    zh="结果的列数是 `B` 的列数，不是 `A` 的：形状是 `(n, l)`。",
    en="The result has as many columns as `B`, not as `A`: its shape is `(n, l)`.",
)
def shape_of_the_first(A, B):
    product = torch.zeros_like(A)
    for j in range(B.shape[1]):
        product[:, j] = (A * B[:, j]).sum(dim=1)
    return product


@mistake("matmul_columns", zh="少了最后一列。", en="The last column is missing.")
def last_column_missing(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(B.shape[1] - 1):
        product[:, j] = (A * B[:, j]).sum(dim=1)
    return product


@mistake(
    "matmul_columns",
    zh="循环的次数应是 `B` 的列数，不是行数。",
    en="The loop runs over the columns of `B`, not over its rows.",
)
def as_many_as_rows(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(len(B)):
        product[:, j] = (A * B[:, j]).sum(dim=1)
    return product


@mistake(
    "matmul_columns",
    zh="份量竖了起来，乘到了行上：`A * B[:, j]` 就够了。",
    en="The recipe stands upright and multiplies rows: `A * B[:, j]` is all that is needed.",
)
def recipe_upright(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for j in range(B.shape[1]):
        product[:, j] = (A * B[:, j, None]).sum(dim=1)
    return product


@mistake(
    "matmul_columns",
    zh="两个矩阵逐元素相乘，不是矩阵的乘积。",
    en="Element by element: that is not the product of matrices.",
)
def element_by_element(A, B):
    return A * B


@mistake("matmul_columns", zh="`squeeze` 去掉了大小为 1 的维。", en="`squeeze` removes axes of size 1.")
def axes_squeezed(A, B):
    return solutions.matmul_columns(A, B).squeeze()


@mistake(
    "matmul_outer",
    zh="没有项时，结果停在 `float32` 的零：造全零矩阵时写上 `dtype=A.dtype`。",
    en="Without terms the result stays a zero of `float32`: make the zeros with `dtype=A.dtype`.",
)
def float32_without_terms(A, B):
    product = torch.zeros(len(A), B.shape[1])
    for k in range(len(B)):
        product = product + A[:, k, None] * B[k]
    return product


@mistake(
    "matmul_outer",
    zh="没有项时会报错：从全零的矩阵开始，不要从第一项或 `torch.stack` 开始。",
    en="Without terms this fails: begin with a matrix of zeros, not with the first term or `torch.stack`.",
)
def from_the_first_term(A, B):
    return torch.stack([A[:, k, None] * B[k] for k in range(len(B))]).sum(dim=0)


@mistake("matmul_outer", zh="是各项之和，不是平均。", en="It is the sum of the terms, not their mean.")
def mean_of_terms(A, B):
    return solutions.matmul_outer(A, B) / max(len(B), 1)


@mistake("matmul_outer", zh="少了最后一项。", en="The last term is missing.")
def last_term_missing(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(B) - 1):
        product = product + A[:, k, None] * B[k]
    return product


@mistake(
    "matmul_outer",
    zh="循环的次数应是 `A` 的列数（`B` 的行数），不是 `A` 的行数。",
    en="The loop runs over the columns of `A`, which are the rows of `B`; not over the rows of `A`.",
)
def as_many_terms_as_rows(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(A)):
        product = product + A[:, k, None] * B[k]
    return product


@mistake(
    "matmul_outer",
    zh="取了 `A` 的行：要的是它的列 `A[:, k]`。",
    en="You took rows of `A`: its columns `A[:, k]` are wanted.",
)
def rows_of_both(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(B)):
        product = product + A[k, :, None] * B[k]
    return product


@mistake(
    "matmul_outer", zh="取了 `B` 的列：要的是它的行 `B[k]`。", en="You took columns of `B`: its rows `B[k]` are wanted."
)
def columns_of_both(A, B):
    product = torch.zeros(len(A), B.shape[1], dtype=A.dtype)
    for k in range(len(B)):
        product = product + A[:, k, None] * B[:, k]
    return product


@mistake("matmul_outer", zh="各项还没有加起来。", en="The terms are not summed yet.")
def terms_not_summed(A, B):
    return A.T[:, :, None] * B[:, None, :]


@mistake(
    "matmul_outer",
    zh="全零矩阵的形状应是 `(n, l)`，不是 `A` 的形状。",
    en="The matrix of zeros has the shape `(n, l)`, not that of `A`.",
)
def zeros_like_the_first(A, B):
    product = torch.zeros_like(A)
    for k in range(len(B)):
        product = product + A[:, k, None] * B[k]
    return product


@mistake(
    "trace",
    zh="这是 Python 的数：应是没有轴的张量，不要 `.item()`。",
    en="That is a number of Python's: a tensor without axes is wanted, so no `.item()`.",
)
def a_python_number(A):
    return A.diagonal().sum().item()


@mistake(
    "trace",
    zh="空矩阵时 `sum` 给出的是 Python 的 0，不是张量。",
    en="For an empty matrix `sum` gives Python's 0, no tensor.",
)
def python_s_sum(A):
    return sum(A[i, i] for i in range(len(A)))


@mistake(
    "trace",
    zh="空矩阵时结果总是 `float32`：从 `torch.zeros((), dtype=A.dtype)` 开始。",
    en="For an empty matrix the result is always `float32`: start from `torch.zeros((), dtype=A.dtype)`.",
)
def empty_is_float32(A):
    total = torch.tensor(0.0)
    for i in range(len(A)):
        total = total + A[i, i]
    return total


@mistake(
    "trace",
    zh="结果总是 `float32`：要与 `A` 相同的 dtype。",
    en="The result is always `float32`: it should have the dtype of `A`.",
)
def float32_always(A):
    return A.diagonal().sum().float()


@mistake("trace", zh="少了第一个元素：下标从 0 开始。", en="The first entry is missing: indices begin at 0.")
def first_one_missing(A):
    return A.diagonal()[1:].sum()


@mistake("trace", zh="结果多了一个轴：应没有轴。", en="The result has an axis: it should have none.")
def axis_kept(A):
    return A.diagonal().sum(dim=0, keepdim=True)


@mistake("trace", zh="不要平方。", en="No squares.")
def squares_summed(A):
    return A.diagonal().square().sum()


@mistake(
    "trace",
    zh="`view` 不接受不连续的内存：用 `A.diagonal()`。",
    en="`view` won't take non-contiguous memory: use `A.diagonal()`.",
)
def flat_view(A):
    return A.view(-1)[:: len(A) + 1].sum()


@mistake(
    "trace", zh="这是上三角的和：只要对角线。", en="That is the sum of the upper triangle: only the diagonal counts."
)
def upper_triangle(A):
    return A.triu().sum()


@mistake("trace", zh="这是最大的一个，不是和。", en="That is the largest of them, not the sum.")
def largest_of_the_diagonal(A):
    return A.diagonal().max() if len(A) else A.sum()


@mistake(
    "determinant",
    zh="找最大的元素时没有取绝对值：负的也可以是最大的。",
    en="No absolute value in the search for the largest: a negative entry may be the one.",
)
def largest_without_absolute_value(A):
    return worked(A, pick=lambda U, j: j + int(U[j:, j].argmax()))


@mistake(
    "determinant",
    zh="在整列里找主元：前 `j` 行已经用过了，从第 `j` 行找起。",
    en="The pivot is sought in the whole column: the first `j` rows are used up, begin at row `j`.",
)
def pivot_from_used_rows(A):
    return worked(A, pick=lambda U, j: int(U[:, j].abs().argmax()))


@mistake(
    "determinant",
    zh="`argmax` 从切片的开头数起：还要加 `j`。",
    en="`argmax` counts from the beginning of the slice: add `j`.",
)
def offset_forgotten(A):
    return worked(A, pick=lambda U, j: int(U[j:, j].abs().argmax()))


@mistake(
    "determinant",
    zh="`U[j], U[p] = U[p], U[j]` 交换的是视图，一行就丢了：用 `U[[j, p]] = U[[p, j]]`。",
    en="`U[j], U[p] = U[p], U[j]` exchanges views, and one row is lost: write `U[[j, p]] = U[[p, j]]`.",
)
def views_exchanged(A):
    return worked(A, alias=True)


@mistake(
    "determinant",
    zh="这是 Python 的数：应是没有轴的张量。",
    en="That is a number of Python's: a tensor without axes is wanted.",
)
def determinant_as_a_number(A):
    return float(eliminated(A))


@mistake(
    "determinant",
    zh="空矩阵时给了 Python 的 1：从 `torch.ones((), dtype=A.dtype)` 开始。",
    en="For an empty matrix that is Python's 1: start from `torch.ones((), dtype=A.dtype)`.",
)
def python_s_one(A):
    return eliminated(A) if len(A) else 1.0


@mistake(
    "determinant",
    zh="空矩阵时结果总是 `float32`：从 `torch.ones((), dtype=A.dtype)` 开始。",
    en="For an empty matrix the result is always `float32`: start from `torch.ones((), dtype=A.dtype)`.",
)
def empty_one_is_float32(A):
    return eliminated(A) if len(A) else torch.tensor(1.0)


@mistake(
    "determinant",
    zh="行列式是 0 时，结果总是 `float32`：要与 `A` 相同的 dtype。",
    en="Where the determinant is 0, the result is always `float32`: it should have the dtype of `A`.",
)
def zero_is_float32(A):
    det = eliminated(A)
    return det if det else torch.tensor(0.0)


@mistake(
    "determinant", zh="空矩阵的行列式是 1：空的乘积。", en="The determinant of an empty matrix is 1: the empty product."
)
def empty_is_zero(A):
    return eliminated(A) if len(A) else torch.zeros((), dtype=A.dtype)


@mistake(
    "determinant", zh="空矩阵时报了错：它的行列式是 1。", en="An empty matrix is an error for it: its determinant is 1."
)
def fails_on_empty(A):
    A[0]
    return eliminated(A)


@mistake(
    "determinant",
    zh="倍数取了第 `j` 行的元素：应取第 `j` 列的，`U[j + 1 :, j]`。",
    en="The multiples are taken from row `j`: take column `j`, `U[j + 1 :, j]`.",
)
def multiples_from_the_row(A):
    return worked(A, multiples=lambda U, j: U[j, j + 1 :, None] / U[j, j])


@mistake("determinant", zh="倍数没有除以主元。", en="The multiples are not divided by the pivot.")
def not_divided_by_the_pivot(A):
    return worked(A, multiples=lambda U, j: U[j + 1 :, j, None])


@mistake("determinant", zh="应减去第 `j` 行的倍数，你加上了。", en="Subtract the multiple of row `j`: you added it.")
def multiple_added(A):
    return worked(A, multiples=lambda U, j: -U[j + 1 :, j, None] / U[j, j])


@mistake(
    "determinant",
    zh="整列都是 0 时除以了 0，得到 NaN：那时行列式是 0。",
    en="Where a whole column is 0 you divide by 0, and get NaN: the determinant is 0 then.",
)
def zero_column_divided(A):
    return worked(A, zero=False)


@mistake("determinant", zh="少乘了最后一个主元。", en="The last pivot is not multiplied in.")
def last_pivot_missing(A):
    return worked(A, last=1)


@mistake("determinant", zh="这只对 2 乘 2 的矩阵成立。", en="That holds for 2 by 2 matrices only.")
def two_by_two_only(A):
    return A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]


@mistake(
    "rank",
    zh="找最大的元素时没有取绝对值：负的也可以是主元。",
    en="No absolute value in the search for a pivot: a negative entry may be the one.",
)
def pivot_without_absolute_value(A, tol=1e-4):
    return searched(A, tol, pick=lambda U, r, j: r + int(U[r:, j].argmax()))


@mistake(
    "rank",
    zh="在整列里找主元：用过的行不能再用。",
    en="The pivot is sought in the whole column: rows already used don't count.",
)
def used_rows_again(A, tol=1e-4):
    return searched(A, tol, pick=lambda U, r, j: int(U[:, j].abs().argmax()))


@mistake(
    "rank",
    zh="`argmax` 从切片的开头数起：还要加上行号。",
    en="`argmax` counts from the beginning of the slice: add the row's number.",
)
def row_offset_forgotten(A, tol=1e-4):
    return searched(A, tol, pick=lambda U, r, j: int(U[r:, j].abs().argmax()))


@mistake(
    "rank",
    zh="`U[r], U[p] = U[p], U[r]` 交换的是视图，一行就丢了：用 `U[[r, p]] = U[[p, r]]`。",
    en="`U[r], U[p] = U[p], U[r]` exchanges views, and one row is lost: write `U[[r, p]] = U[[p, r]]`.",
)
def row_views_exchanged(A, tol=1e-4):
    return searched(A, tol, alias=True)


@mistake(
    "rank",
    zh="与最大的绝对值比，不是与最大的元素比：它可以是负的。",
    en="Compare with the largest absolute value, not with the largest entry: it may be negative.",
)
def largest_entry_with_sign(A, tol=1e-4):
    return searched(A, tol, size=lambda A: A.max())


@mistake(
    "rank", zh="与最大的绝对值比，不是与平均的。", en="Compare with the largest absolute value, not with the mean."
)
def mean_for_largest(A, tol=1e-4):
    return searched(A, tol, size=lambda A: A.abs().mean())


@mistake(
    "rank",
    zh="与最大的绝对值比，不是与矩阵的范数比。",
    en="Compare with the largest absolute value, not with the norm of the matrix.",
)
def norm_for_largest(A, tol=1e-4):
    return searched(A, tol, size=lambda A: A.norm())


@mistake(
    "rank",
    zh="与最大的绝对值比，不是与绝对值之和比。",
    en="Compare with the largest absolute value, not with the sum of them.",
)
def sum_for_largest(A, tol=1e-4):
    return searched(A, tol, size=lambda A: A.abs().sum())


@mistake(
    "rank",
    zh="与左上角的元素比：应与整个矩阵最大的绝对值比。",
    en="You compare with the entry in the corner: it should be the largest absolute value of the matrix.",
)
def corner_for_largest(A, tol=1e-4):
    return searched(A, tol, size=lambda A: A[0, 0].abs())


@mistake(
    "rank",
    zh="与剩下部分的最大元素比：应与原来的 `A` 比，剩下的也许只是舍入误差。",
    en="You compare with what is left: it should be with `A` as it was, since what is left may be rounding errors.",
)
def largest_of_the_rest(A, tol=1e-4):
    return searched(A, tol, rest=True)


@mistake(
    "rank",
    zh="只看了前几列：扁矩阵的列比行多，每一列都要看。",
    en="Only the first columns are looked at: a wide matrix has more columns than rows, look at each.",
)
def square_part_only(A, tol=1e-4):
    return searched(A, tol, columns=lambda U: range(min(U.shape)))


@mistake("rank", zh="没有元素时 `max` 会报错：那时秩是 0。", en="Without entries `max` fails: the rank is 0 then.")
def fails_without_entries(A, tol=1e-4):
    A.max()
    return solutions.rank(A, tol)


@mistake("rank", zh="没有列时报了错：那时秩是 0。", en="Without columns this fails: the rank is 0 then.")
def fails_without_columns(A, tol=1e-4):
    A[:1, 0]
    return solutions.rank(A, tol)


@mistake(
    "rank",
    zh="行用完了还在找主元：`found == len(U)` 时就该停。",
    en="The rows are used up, and you still look for pivots: stop when `found == len(U)`.",
)
def rows_used_up(A, tol=1e-4):
    return searched(A, tol, guard=False)


@mistake(
    "rank",
    zh="没有先 `A.clone()`：传入的矩阵被改动了。",
    en="There is no `A.clone()` at the beginning: the matrix passed in is changed.",
)
def rank_without_clone(A, tol=1e-4):
    found = solutions.rank(A, tol)
    if A.numel():
        searched(A, tol, clone=False)
    return found


@mistake(
    "rank",
    zh="`tol` 是 0 时用了默认值：0 也是一个容差。",
    en="With 0 as `tol` the default is used: 0 is a tolerance too.",
)
def zero_tolerance_replaced(A, tol=1e-4):
    return solutions.rank(A, tol or 1e-4)


@mistake(
    "change_of_basis",
    zh="`*` 是逐元素相乘：这里要矩阵乘法 `@`。",
    en="`*` multiplies element by element: here it is the matrix product `@`.",
)
def elementwise_products(A, basis):
    return torch.linalg.inv(basis) * A * basis


@mistake(
    "change_of_basis",
    zh="`1 / P` 或 `P ** -1` 是逐元素的倒数，不是逆矩阵：用 `torch.linalg.inv`。",
    en="`1 / P` and `P ** -1` invert each entry, not the matrix: use `torch.linalg.inv`.",
)
def inverse_of_each_entry(A, basis):
    return (1 / basis) @ A @ basis


@mistake("change_of_basis", zh="结果是转置的。", en="The result is transposed.")
def result_transposed(A, basis):
    return solutions.change_of_basis(A, basis).T


@mistake(
    "change_of_basis",
    zh="没有逆：`P` 左右各乘了一次；左边应是 `P⁻¹`。",
    en="There is no inverse: `P` stands on both sides; on the left it should be `P⁻¹`.",
)
def without_inverse(A, basis):
    return basis @ A @ basis


@mistake(
    "change_of_basis",
    zh="`P A Pᵀ` 不是映射的基变换：要 `P⁻¹ A P`。",
    en="`P A Pᵀ` is no change of basis of a map: that is `P⁻¹ A P`.",
)
def as_a_quadratic_form(A, basis):
    return basis @ A @ basis.T


@mistake(
    "change_of_basis",
    zh="基向量不要归一化：换了长度，坐标就变。",
    en="Don't normalise the basis vectors: other lengths, other coordinates.",
)
def basis_normalised(A, basis):
    return solutions.change_of_basis(A, basis / basis.norm(dim=0))


@mistake("change_of_basis", zh="只乘了右边的 `P⁻¹`。", en="Only `P⁻¹` on the right.")
def inverse_on_the_right(A, basis):
    return A @ torch.linalg.inv(basis)


@mistake(
    "identities", zh="和的迹就是迹的和：它是成立的。", en="The trace of a sum is the sum of the traces: it does hold."
)
def trace_of_a_sum_denied():
    return guess(**{"tr(A + B) = tr(A) + tr(B)": False})


@mistake(
    "identities",
    zh="逆的行列式就是行列式的倒数，因为两者的乘积是 `det(I) = 1`：它是成立的。",
    en="The determinant of the inverse is the inverse of the determinant, since their product is `det(I) = 1`: it does hold.",
)
def determinant_of_the_inverse_denied():
    return guess(**{"det(A^-1) = 1 / det(A)": False})


@mistake("matrix_of_rank", zh="秩为 0 的矩阵存在：全零的矩阵。", en="There are matrices of rank 0: the zeros.")
def rank_zero_refused(n, m, r, seed):
    if r == 0:
        raise ValueError("rank 0")
    return solutions.matrix_of_rank(n, m, r, seed)


@mistake(
    "matrix_of_rank",
    zh="负的秩碰到 `torch.randn` 才报错，而且是 `RuntimeError`：自己检查，报 `ValueError`。",
    en="A negative rank fails only in `torch.randn`, with a `RuntimeError`: check it yourself and raise `ValueError`.",
)
def negative_rank_unchecked(n, m, r, seed):
    if r < 0:
        raise RuntimeError("negative dimension")
    return solutions.matrix_of_rank(n, m, r, seed)


@mistake(
    "matrix_of_rank",
    zh="没有检查 `r` 是否超过了较小的边长：不存在这样的矩阵时要报 `ValueError`。",
    en="Whether `r` is more than the smaller side is not checked: where there is no such matrix, raise `ValueError`.",
)
def rank_unchecked(n, m, r, seed):
    generator = generated(seed)
    return torch.randn(n, r, generator=generator) @ torch.randn(r, m, generator=generator)


@mistake(
    "matrix_of_rank",
    zh="只与行数比了：秩也不能超过列数。",
    en="Compared with the rows only: the rank can't be more than the columns either.",
)
def compared_with_rows(n, m, r, seed):
    return solutions.matrix_of_rank(n, max(m, r), r, seed)[:, :m]


@mistake(
    "matrix_of_rank",
    zh="只与列数比了：秩也不能超过行数。",
    en="Compared with the columns only: the rank can't be more than the rows either.",
)
def compared_with_columns(n, m, r, seed):
    return solutions.matrix_of_rank(max(n, r), m, r, seed)[:n]


@mistake(
    "matrix_of_rank",
    zh="两个因子里有一个没有用 `generator`。",
    en="One of the two factors is not drawn from the `generator`.",
)
def one_factor_from_anywhere(n, m, r, seed):
    solutions.matrix_of_rank(n, m, r, seed)
    return torch.randn(n, r, generator=generated(seed)) @ torch.randn(r, m)


@mistake(
    "matrix_of_rank", zh="应报 `ValueError`，不是用 `assert`。", en="It should be a `ValueError`: an `assert` won't do."
)
def rank_asserted(n, m, r, seed):
    assert 0 <= r <= min(n, m)
    return solutions.matrix_of_rank(n, m, r, seed)


@mistake("low_rank", zh="结果是转置的。", en="The result is transposed.")
def approximation_transposed(A, k):
    return solutions.low_rank(A, k).T


@mistake(
    "low_rank",
    zh="用的是奇异值的平方根：用奇异值本身。",
    en="Those are roots of the singular values: take the values themselves.",
)
def values_rooted(A, k):
    U, S, Vh = svd(A)
    return U[:, :k] * S[:k].sqrt() @ Vh[:k]


@mistake(
    "low_rank", zh="这是剩下的部分 `A - Aₖ`：要的是 `Aₖ`。", en="That is the rest, `A - Aₖ`: it is `Aₖ` that is wanted."
)
def the_rest(A, k):
    return A - solutions.low_rank(A, k)


@mistake(
    "low_rank",
    zh="留下前 `k` 行，秩是够小，却不是最近的。",
    en="The first `k` rows have a rank that is small enough, but are not the closest.",
)
def first_rows(A, k):
    return A * (torch.arange(len(A)) < k)[:, None]


@mistake(
    "low_rank",
    zh="`k` 比边长大时报了错：那时就是 `A` 自己。",
    en="A `k` that is larger than the sides fails: then it is `A` itself.",
)
def too_large_k_fails(A, k):
    if k > min(A.shape):
        raise IndexError("k")
    return solutions.low_rank(A, k)


@mistake(
    "low_rank",
    zh="`k` 是 0 时应是全零的矩阵：`sum` 在没有项时给出的是数 0。",
    en="For `k` 0 it is a matrix of zeros: without terms `sum` gives the number 0.",
)
def number_for_no_terms(A, k):
    return solutions.low_rank(A, k) if k else 0


@mistake(
    "low_rank",
    zh="`k` 是 0 时应是全零的矩阵，一项也不留。",
    en="For `k` 0 it is a matrix of zeros, with no term at all.",
)
def zero_replaced_by_one(A, k):
    return solutions.low_rank(A, k or 1)


@mistake(
    "low_rank",
    zh="`S[-0:]` 或 `S[-(n - k):]` 在端点不是你要的：从前面数，`:k`。",
    en="`S[-0:]` is everything, and so is the end of `S[-(n - k):]` for large `k`: count from the front, `:k`.",
)
def cut_from_the_end(A, k):
    U, S, Vh = svd(A)
    S[-(len(S) - k) :] = 0
    return U * S @ Vh


@mistake("low_rank", zh="总是只留一项：要留 `k` 项。", en="Always one term: keep `k` of them.")
def always_one_term(A, k):
    return solutions.low_rank(A, min(k, 1))


@mistake(
    "low_rank",
    zh="取了 `U` 的行：奇异向量是它的列，`U[:, :k]`。",
    en="You took rows of `U`: the singular vectors are its columns, `U[:, :k]`.",
)
def rows_of_u(A, k):
    U, S, Vh = svd(A)
    return U[:k].T * S[:k] @ Vh[:k]


@mistake(
    "low_rank",
    zh="结果里缺了 `U` 或 `Vh`：三样要乘起来。",
    en="`U` or `Vh` is missing in the result: multiply all three.",
)
def without_vh(A, k):
    U, S, _ = svd(A)
    return U[:, :k] * S[:k]


@mistake(
    "low_rank",
    zh="`eigh` 只用于对称的方阵：这里要 SVD。",
    en="`eigh` is for symmetric square matrices only: here it is the SVD.",
)
def by_eigenvectors(A, k):
    values, vectors = torch.linalg.eigh(A)
    first = values.abs().argsort(descending=True)[:k]
    return vectors[:, first] * values[first] @ vectors[:, first].T


@mistake(
    "power_iteration",
    zh="先求 `A` 的幂，会溢出（或变成 0）：每乘一次就归一化。",
    en="A power of `A` overflows, or goes to 0: normalise after each multiplication.",
)
def power_of_the_matrix(A, steps, seed=0):
    v = torch.linalg.matrix_power(A, steps) @ torch.randn(len(A), generator=generated(seed)).to(A)
    v = v / v.norm()
    return v @ A @ v, v


@mistake(
    "power_iteration",
    zh="特征值应是没有轴的张量，不要 `.item()`。",
    en="The eigenvalue is a tensor without axes: no `.item()`.",
)
def value_as_a_number(A, steps, seed=0):
    value, vector = solutions.power_iteration(A, steps, seed)
    return value.item(), vector


@mistake(
    "power_iteration",
    zh="先特征值，后向量：返回的顺序反了。",
    en="First the eigenvalue, then the vector: you return them the other way round.",
)
def vector_returned_first(A, steps, seed=0):
    return tuple(reversed(solutions.power_iteration(A, steps, seed)))


@mistake(
    "power_iteration",
    zh="向量的符号被改了：乘 `steps` 次得到什么，就返回什么。",
    en="The vector's sign is changed: return what `steps` multiplications make of the start.",
)
def sign_made_positive(A, steps, seed=0):
    value, v = solutions.power_iteration(A, steps, seed)
    return value, v if v[v.abs().argmax()] > 0 else -v


@mistake(
    "power_iteration",
    zh="向量的符号被改了：乘 `steps` 次得到什么，就返回什么。",
    en="The vector's sign is changed: return what `steps` multiplications make of the start.",
)
def first_made_positive(A, steps, seed=0):
    value, v = solutions.power_iteration(A, steps, seed)
    return value, v if v[0] > 0 else -v


@mistake("power_iteration", zh="向量的每个元素都取了绝对值。", en="Every component has lost its sign.")
def absolute_components(A, steps, seed=0):
    value, vector = solutions.power_iteration(A, steps, seed)
    return value, vector.abs()


@mistake(
    "power_iteration",
    zh="特征值用了两个分量之比：只有收敛以后才对，要用 `v @ A @ v`。",
    en="The eigenvalue is a ratio of components: right only after convergence; use `v @ A @ v`.",
)
def ratio_of_components(A, steps, seed=0):
    _, v = solutions.power_iteration(A, steps, seed)
    return (A @ v)[0] / v[0], v


@mistake(
    "power_iteration",
    zh="`steps` 是 0 时用了别的次数：0 就是一次也不乘。",
    en="With 0 `steps` another number is used: 0 means no multiplication.",
)
def zero_steps_replaced(A, steps, seed=0):
    return solutions.power_iteration(A, steps or 100, seed)


@mistake("power_iteration", zh="每一步乘了两次。", en="Each step multiplies twice.")
def two_multiplications_a_step(A, steps, seed=0):
    return solutions.power_iteration(A, 2 * steps, seed)


@mistake(
    "power_iteration",
    zh="起点是 `float32` 的，与 `float64` 的 `A` 合不来：`.to(A)`。",
    en="The start is `float32` and won't go with a `float64` matrix: write `.to(A)`.",
)
def start_of_float32(A, steps, seed=0):
    return iterated(A, torch.randn(len(A), generator=generated(seed)), steps)


@mistake(
    "power_iteration",
    zh="起点没有归一化：`steps` 是 0 时它就是结果。",
    en="The start is not normalised: with 0 `steps` it is the result.",
)
def start_not_normalised(A, steps, seed=0):
    v = torch.randn(len(A), generator=generated(seed)).to(A)
    for _ in range(steps):
        v = A @ v
        v = v / v.norm()
    return v @ A @ v, v


@mistake(
    "power_iteration",
    zh="除以了元素之和：要除以长度（`norm`），和可能接近 0。",
    en="Divided by the sum of the entries, which may be near 0: divide by the length (`norm`).",
)
def divided_by_the_sum(A, steps, seed=0):
    return iterated(A, torch.randn(len(A), generator=generated(seed)).to(A), steps, lambda v: v.sum())


@mistake(
    "power_iteration",
    zh="除以了长度的平方：要除以长度（`norm`）。",
    en="Divided by the length squared: divide by the length (`norm`).",
)
def divided_by_the_square(A, steps, seed=0):
    return iterated(A, torch.randn(len(A), generator=generated(seed)).to(A), steps, lambda v: v @ v)


@mistake(
    "power_iteration",
    zh="起点总是第一个基向量：它可能与要找的方向恰好垂直；用随机的起点。",
    en="The start is always the first basis vector: it may be perpendicular to the direction wanted; start at random.",
)
def start_at_the_first_axis(A, steps, seed=0):
    return iterated(A, torch.eye(len(A)).to(A)[0], steps)


@mistake(
    "power_iteration",
    zh="向量要长度 1、没有多余的轴：形状是 `(n,)`，不是 `(n, 1)`。",
    en="The vector has one axis, of shape `(n,)`, not `(n, 1)`.",
)
def vector_as_a_column(A, steps, seed=0):
    value, vector = solutions.power_iteration(A, steps, seed)
    return value, vector[:, None]


@mistake(
    "is_symmetric",
    zh="差的平方与 `atol` 比：应比绝对值。",
    en="The squared difference is compared with `atol`: compare the absolute one.",
)
def squared_differences(A, atol=1e-5):
    return square(A) and bool((atol >= (A - A.T) ** 2).all())


@mistake(
    "is_symmetric",
    zh="`atol` 是 0 时用了默认值：0 也是一个容差。",
    en="With 0 as `atol` the default is used: 0 is a tolerance too.",
)
def zero_atol_replaced(A, atol=1e-5):
    return solutions.is_symmetric(A, atol or 1e-5)


@mistake(
    "is_symmetric",
    zh="只比了第一行与第一列：每一对都要比。",
    en="Only the first row and column are compared: compare every pair.",
)
def first_row_only(A, atol=1e-5):
    return square(A) and bool(((A[0] - A[:, 0]).abs() <= atol).all())


@mistake("is_symmetric", zh="每个元素有自己的差，不求平均。", en="Each entry has its own difference: no mean.")
def mean_difference(A, atol=1e-5):
    return square(A) and bool((A - A.T).abs().mean() <= atol)


@mistake(
    "is_symmetric",
    zh="实特征值不等于对称：上三角矩阵也有。",
    en="Real eigenvalues don't make it symmetric: a triangular matrix has them too.",
)
def by_real_eigenvalues(A, atol=1e-5):
    return square(A) and bool(torch.linalg.eigvals(A).imag.abs().max() <= atol)


@mistake(
    "is_symmetric",
    zh="误差与元素的大小比了：`atol` 是绝对的。",
    en="The error is compared with the size of the entries: `atol` is absolute.",
)
def relative_to_the_largest(A, atol=1e-5):
    return square(A) and bool((A - A.T).abs().max() <= atol * A.abs().max())


@mistake(
    "is_symmetric",
    zh="所有的差加起来再与 `atol` 比：`atol` 管每一个元素。",
    en="All differences are added up before they are compared: `atol` is for each entry.",
)
def sum_of_absolute_differences(A, atol=1e-5):
    return square(A) and bool((A - A.T).abs().sum() <= atol)


@mistake("is_symmetric", zh="左右翻转不是转置。", en="Flipped left to right is not transposed.")
def flipped_for_transposed(A, atol=1e-5):
    return square(A) and bool(((A - A.flip(1)).abs() <= atol).all())


@mistake(
    "is_orthogonal",
    zh="求了逆：奇异的矩阵会报错；只要看 `Q.T @ Q`。",
    en="You inverted it: that fails for singular matrices; look at `Q.T @ Q` instead.",
)
def inverse_taken(Q, atol=1e-5):
    return square(Q) and bool(((torch.linalg.inv(Q) - Q.T).abs() <= atol).all())


@mistake(
    "is_orthogonal", zh="少了绝对值：误差也可以是负的。", en="The absolute value is missing: errors may be negative."
)
def errors_with_sign(Q, atol=1e-5):
    return square(Q) and bool((Q.T @ Q - torch.eye(len(Q)).to(Q)).max() <= atol)


@mistake(
    "is_orthogonal", zh="`atol` 管每一个元素，不是平均的误差。", en="`atol` is for each entry, not for the mean error."
)
def mean_error(Q, atol=1e-5):
    return square(Q) and bool((Q.T @ Q - torch.eye(len(Q)).to(Q)).abs().mean() <= atol)


@mistake(
    "is_orthogonal",
    zh="误差的平方与 `atol` 比：应比绝对值。",
    en="The squared error is compared with `atol`: compare the absolute one.",
)
def squared_errors(Q, atol=1e-5):
    return square(Q) and bool(((Q.T @ Q - torch.eye(len(Q)).to(Q)) ** 2 <= atol).all())


@mistake(
    "is_orthogonal",
    zh="`atol` 是 0 时用了默认值：0 也是一个容差。",
    en="With 0 as `atol` the default is used: 0 is a tolerance too.",
)
def zero_atol_without_use(Q, atol=1e-5):
    return solutions.is_orthogonal(Q, atol or 1e-5)


@mistake(
    "is_orthogonal",
    zh="恰好等于 `atol` 也可以：是 `<=`，不是 `<`。",
    en="Exactly `atol` is still right: `<=`, not `<`.",
)
def strictly_less_than_atol(Q, atol=1e-5):
    return square(Q) and bool(((Q.T @ Q - torch.eye(len(Q)).to(Q)).abs() < atol).all())


@mistake(
    "is_orthogonal",
    zh="没有看是不是方阵：扁矩阵的行可以正交归一，它却没有逆。",
    en="The shape isn't looked at: a wide matrix may have orthonormal rows and yet no inverse.",
)
def wide_too(Q, atol=1e-5):
    return bool(((Q @ Q.T - torch.eye(len(Q)).to(Q)).abs() <= atol).all())


@mistake("is_orthogonal", zh="行列式为 −1 的也正交：反射。", en="A determinant of −1 is orthogonal too: a reflection.")
def rotations_only(Q, atol=1e-5):
    return solutions.is_orthogonal(Q, atol) and bool(torch.linalg.det(Q) > 0)


@mistake("is_orthogonal", zh="这是对称，不是正交。", en="That is symmetric, not orthogonal.")
def symmetric_for_orthogonal(Q, atol=1e-5):
    return solutions.is_symmetric(Q, atol)


@mistake(
    "is_orthogonal",
    zh="`*` 是逐元素相乘：这里要矩阵乘法 `@`。",
    en="`*` multiplies element by element: here it is the matrix product `@`.",
)
def elementwise_product(Q, atol=1e-5):
    return square(Q) and bool(((Q.T * Q - torch.eye(len(Q)).to(Q)).abs() <= atol).all())


@mistake(
    "is_orthogonal",
    zh="单位矩阵是 `float32` 的，与 `float64` 比不了：`.to(Q)`。",
    en="The identity is `float32` and can't be compared with `float64`: write `.to(Q)`.",
)
def float32_identity(Q, atol=1e-5):
    return square(Q) and torch.allclose(Q.T @ Q, torch.eye(len(Q)), rtol=0, atol=atol)


@mistake(
    "is_orthogonal",
    zh="比的是各列的长度：`atol` 说的是乘积 `Q.T @ Q` 的元素，即长度的平方。",
    en="You compare the lengths of columns: `atol` is about the entries of `Q.T @ Q`, the lengths squared.",
)
def lengths_compared(Q, atol=1e-5):
    product = Q.T @ Q
    apart = bool(((product - product.diagonal().diag()).abs() <= atol).all()) if square(Q) else False
    return apart and bool(((Q.norm(dim=0) - 1).abs() <= atol).all())


@mistake(
    "is_rotation",
    zh="行列式不必在 `atol` 之内等于 1：正交矩阵的行列式，看符号就够了。",
    en="The determinant need not be 1 up to `atol`: of an orthogonal matrix its sign is enough.",
)
def determinant_within_atol(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool((torch.linalg.det(R) - 1).abs() <= atol)


@mistake(
    "is_rotation",
    zh="浮点数有舍入，行列式很少恰好是 1：看它的符号。",
    en="Floating-point numbers are rounded, and the determinant is seldom exactly 1: look at its sign.",
)
def determinant_exactly_1(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool(torch.linalg.det(R) == 1)


@mistake(
    "is_rotation",
    zh="行列式不必超过 `atol` 或别的数：只看它是不是正的。",
    en="The determinant need not exceed `atol` or any other number: it only has to be positive.",
)
def determinant_above_atol(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool(torch.linalg.det(R) > atol)


@mistake(
    "is_rotation",
    zh="行列式为正还不够：还要正交。",
    en="A positive determinant is not enough: it must be orthogonal too.",
)
def positive_determinant(R, atol=1e-5):
    return square(R) and bool(torch.linalg.det(R) > 0)


@mistake(
    "is_rotation",
    zh="这只认得平面里的旋转：空间里的也算。",
    en="That knows rotations of the plane only: those of space count too.",
)
def in_the_plane_only(R, atol=1e-5):
    return tuple(R.shape) == (2, 2) and solutions.is_rotation(R, atol)


@mistake(
    "is_rotation",
    zh="看的是对角线上元素的积：行列式才看得出翻没翻面。",
    en="You look at the product of the diagonal: only the determinant tells a mirror image.",
)
def by_the_diagonal_s_product(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool(R.diagonal().prod() > 0)


@mistake(
    "is_rotation",
    zh="“正交”与“行列式为正”要同时成立，不是满足一个就行。",
    en="Orthogonal and of positive determinant: both, not one of them.",
)
def either_is_enough(R, atol=1e-5):
    return square(R) and (solutions.is_orthogonal(R, atol) or bool(torch.linalg.det(R) > 0))


@mistake(
    "is_rotation",
    zh="行列式因舍入可能略小于 1：写 `> 0`，不要写 `>= 1`。",
    en="By rounding the determinant may be slightly below 1: write `> 0`, not `>= 1`.",
)
def at_least_1(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool(torch.linalg.det(R) >= 1)


@mistake(
    "is_rotation",
    zh="`atol` 是 0 时用了默认值：0 也是一个容差。",
    en="With 0 as `atol` the default is used: 0 is a tolerance too.",
)
def zero_atol_ignored(R, atol=1e-5):
    return solutions.is_rotation(R, atol or 1e-5)


@mistake(
    "is_rotation", zh="这是对称与否：旋转也可以是对称的，如半圈。", en="A rotation may be symmetric: a half turn is."
)
def symmetric_ruled_out(R, atol=1e-5):
    return solutions.is_rotation(R, atol) and not torch.equal(R, R.T)


@mistake(
    "rotation_2d",
    zh="`torch.zeros(2, 2)` 是 `float32` 的：写上 `dtype=theta.dtype`。",
    en="`torch.zeros(2, 2)` is `float32`: give it `dtype=theta.dtype`.",
)
def written_into_float32(theta):
    return solutions.rotation_2d(theta).float()


@mistake(
    "rotation_2d",
    zh="由 `sin` 开方得出的 `cos` 丢了符号：用 `theta.cos()`。",
    en="A cosine computed as a root has lost its sign: use `theta.cos()`.",
)
def cosine_as_a_root(theta):
    sin = theta.sin()
    cos = (1 - sin**2).sqrt()
    return torch.stack([cos, -sin, sin, cos]).reshape(2, 2)


@mistake(
    "rotation_2d", zh="正弦与 `theta` 断开了：梯度不对。", en="The sine is cut off from `theta`: the gradient is wrong."
)
def sine_cut_off(theta):
    cos, sin = theta.cos(), theta.sin().detach()
    return torch.stack([cos, -sin, sin, cos]).reshape(2, 2)


@mistake(
    "rotation_2d", zh="形状应是 `(2, 2)`：还要 `reshape`。", en="The shape should be `(2, 2)`: a `reshape` is missing."
)
def four_in_a_row(theta):
    return solutions.rotation_2d(theta).flatten()


@mistake(
    "rotation_2d",
    zh="负的角度丢了符号：它应顺时针转。",
    en="A negative angle has lost its sign: it should turn clockwise.",
)
def sign_of_the_angle_lost(theta):
    return solutions.rotation_2d(theta.abs())


@mistake("rotation_2d", zh="转了一半的角度。", en="It turns by half the angle.")
def half_the_angle(theta):
    return solutions.rotation_2d(theta / 2)


@mistake(
    "rotation_2d",
    zh="同一行里成了同一个函数：每一行、每一列都有一个余弦、一个正弦。",
    en="A row has the same function twice: each row and each column has one cosine and one sine.",
)
def same_function_in_a_row(theta):
    cos, sin = theta.cos(), theta.sin()
    return torch.stack([cos, -cos, sin, sin]).reshape(2, 2)


@mistake(
    "rotation_2d",
    zh="只对小角度成立：用 `cos` 和 `sin`，不要用近似。",
    en="That holds for small angles only: use `cos` and `sin`, no approximation.",
)
def small_angle(theta):
    cos, sin = 1 - theta**2 / 2, theta
    return torch.stack([cos, -sin, sin, cos]).reshape(2, 2)


@mistake(
    "determinant",
    zh="极小的主元被当成了 0：某一列在还没用过的行里恰好全是 0，行列式才是 0。",
    en="A tiny pivot is taken for 0: only a column of exact zeros, in the rows not yet used, makes the determinant 0.",
)
def tiny_pivot_is_zero(A):
    return eliminated(A, zero=1e-10)


@mistake("determinant", zh="结果被舍入了。", en="The result is rounded.")
def rounded_determinant(A):
    return eliminated(A).round(decimals=4)


@mistake(
    "determinant",
    zh="只有 2 乘 2 和 3 乘 3 有这样的公式：更大的要消元。",
    en="Only 2 by 2 and 3 by 3 have such formulas: eliminate in larger ones.",
)
def up_to_three(A):
    return eliminated(A) if len(A) <= 3 else A.diagonal().prod()


@mistake(
    "rank",
    zh="`tol` 不乘边长：只乘最大的绝对值。",
    en="`tol` isn't multiplied by the size of the matrix, only by the largest absolute value.",
)
def tolerance_times_the_size(A, tol=1e-4):
    return searched(A, tol * max(A.shape))


@mistake(
    "rank",
    zh="只看了第一行里最大的：要看整个矩阵。",
    en="That is the largest of the first row: look at the whole matrix.",
)
def largest_of_the_first_row(A, tol=1e-4):
    return searched(A, tol, size=lambda A: A[0].abs().max())


@mistake(
    "rank",
    zh="主元应在第 `j` 列：消元用的倍数也取自第 `j` 列，不是第 `found` 列。",
    en="The pivot is in column `j`: the multiples are taken from column `j` too, not from column `found`.",
)
def multiples_from_another_column(A, tol=1e-4):
    U, found = A.clone(), 0
    zero = tol * A.abs().max() if A.numel() else 0.0
    for j in range(U.shape[1]):
        if found == len(U) or U[found:, j].abs().max() <= zero:
            continue
        pivot = found + int(U[found:, j].abs().argmax())
        U[[found, pivot]] = U[[pivot, found]]
        U[found + 1 :] -= U[found + 1 :, found, None] / U[found, found] * U[found]
        found += 1
    return found


@mistake(
    "rank",
    zh="没有把主元所在的行换上来：除以的是另一个数，也许是 0。",
    en="The pivot's row is not brought up: you divide by another number, perhaps by 0.",
)
def row_not_brought_up(A, tol=1e-4):
    U, found = A.clone(), 0
    zero = tol * A.abs().max() if A.numel() else 0.0
    for j in range(U.shape[1]):
        if found == len(U) or U[found:, j].abs().max() <= zero:
            continue
        U[found + 1 :] -= U[found + 1 :, j, None] / U[found, j] * U[found]
        found += 1
    return found


@mistake("rank", zh="循环的次数是行数：每一列都要看。", en="The loop runs over the rows: look at each column.")
def as_many_columns_as_rows(A, tol=1e-4):
    return searched(A, tol, columns=lambda U: range(len(U)))


@mistake(
    "is_symmetric",
    zh="只看了紧挨对角线的元素：每一对都要比。",
    en="Only the entries next to the diagonal are compared: compare every pair.",
)
def next_to_the_diagonal(A, atol=1e-5):
    return square(A) and bool(((A.diagonal(1) - A.diagonal(-1)).abs() <= atol).all())


@mistake(
    "is_symmetric",
    zh="差被除以了 2：`atol` 管的是整个的差。",
    en="The differences are halved: `atol` is for the whole difference.",
)
def halved_differences(A, atol=1e-5):
    return square(A) and bool(((A - A.T).abs() <= 2 * atol).all())


@mistake(
    "is_orthogonal",
    zh="有一个元素对就够了？每一个都要对：用 `all`，不是 `any`。",
    en="One right entry is enough here: every entry must be, so `all`, not `any`.",
)
def any_entry(Q, atol=1e-5):
    return square(Q) and bool(((Q.T @ Q - torch.eye(len(Q)).to(Q)).abs() <= atol).any())


@mistake(
    "is_rotation",
    zh="左上角的元素可以是负的：例如转半圈时。",
    en="The entry in the corner may be negative: in a half turn, for example.",
)
def corner_positive(R, atol=1e-5):
    return solutions.is_orthogonal(R, atol) and bool(R[0, 0] >= 0)


@mistake(
    "rotation_2d",
    zh="只有一处正弦与 `theta` 断开了：梯度不对。",
    en="One sine is cut off from `theta`: the gradient is wrong.",
)
def one_sine_cut_off(theta):
    cos, sin = theta.cos(), theta.sin()
    return torch.stack([cos, -sin.detach(), sin, cos]).reshape(2, 2)


@mistake(
    "rotation_2d",
    zh="两个余弦都成了负的：角度为 0 时应是单位矩阵。",
    en="Both cosines are negative: an angle of 0 should give the identity.",
)
def cosines_negative(theta):
    cos, sin = theta.cos(), theta.sin()
    return torch.stack([-cos, -sin, sin, -cos]).reshape(2, 2)


@mistake(
    "power_iteration",
    zh="直接算出了最后的答案：要的是 `steps` 次相乘之后的向量。",
    en="That is the answer of the limit: the vector after `steps` multiplications is wanted.",
)
def the_limit(A, steps, seed=0):
    values, vectors = torch.linalg.eig(A)
    largest = int(values.abs().argmax())
    return values[largest].real, vectors[:, largest].real


@mistake(
    "power_iteration",
    zh="除以了绝对值之和：要除以长度（`norm`）。",
    en="Divided by the sum of absolute values: divide by the length (`norm`).",
)
def divided_by_absolute_values(A, steps, seed=0):
    return iterated(A, torch.randn(len(A), generator=generated(seed)).to(A), steps, lambda v: v.abs().sum())


@mistake(
    "power_iteration",
    zh="次数不是 `steps`：总是乘到收敛。",
    en="Not `steps` multiplications: always as many as it takes.",
)
def always_a_hundred_steps(A, steps, seed=0):
    return solutions.power_iteration(A, 100, seed)


@mistake(
    "power_iteration",
    zh="把 `A` 对称化了：不对称的矩阵也要对。",
    en="You made `A` symmetric: it must be right for others too.",
)
def made_symmetric(A, steps, seed=0):
    return solutions.power_iteration((A + A.T) / 2, steps, seed)


@mistake("mlp_forward", zh="没有加第一层的偏置。", en="The first layer's bias is missing.")
def first_bias_missing(x, weights, biases):
    return mlp(x, weights, [0 * biases[0], *biases[1:]])


@mistake(
    "mlp_forward",
    zh="负的应变成 0：leaky ReLU 留下了一点。",
    en="What is negative becomes 0: a leaky ReLU leaves a little.",
)
def leaky_relu_between(x, weights, biases):
    return mlp(x, weights, biases, between=torch.nn.functional.leaky_relu)


@mistake("mlp_forward", zh="ReLU 没有上限：不是 ReLU6。", en="A ReLU has no upper bound: it is no ReLU6.")
def bounded_above(x, weights, biases):
    return mlp(x, weights, biases, between=lambda h: h.clamp(0, 6))


@mistake(
    "collapse_linear",
    zh="前面的层转置了再乘：不用转置，`next_W @ W`。",
    en="The matrices are transposed on the way: without, `next_W @ W`.",
)
def transposed_on_the_way(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W.T @ next_W.T, next_W @ b + next_b
    return W, b


@mistake("collapse_linear", zh="只合并了前三层。", en="Only the first three layers are merged.")
def three_layers_only(weights, biases):
    return solutions.collapse_linear(weights[:3], biases[:3])


@mistake(
    "ablate",
    zh="改成 0、False 或空值时用了基线的值：`value or …` 看不见它们。",
    en="A change to 0, False or an empty value keeps the baseline's: `value or …` doesn't see them.",
)
def falsy_changes_replaced(experiment, settings, changes, seeds):
    solutions.ablate(lambda seed, **now: 0.0, settings, changes, seeds := list(seeds))
    found = {"baseline": [experiment(seed=seed, **settings) for seed in seeds]}
    for key, value in changes.items():
        found[f"{key}={value}"] = [experiment(seed=seed, **settings | {key: value or settings[key]}) for seed in seeds]
    return found


@mistake(
    "ablate",
    zh="重复的种子照抄了先前的结果：每出现一次，就真的做一次。",
    en="A repeated seed gets the earlier result: run the experiment as often as the seed occurs.",
)
def results_remembered(experiment, settings, changes, seeds):
    solutions.ablate(lambda seed, **now: 0.0, settings, changes, seeds := list(seeds))
    found = {}
    for name, change in {"baseline": {}, **{f"{key}={value}": {key: value} for key, value in changes.items()}}.items():
        known = {seed: experiment(seed=seed, **settings | change) for seed in dict.fromkeys(seeds)}
        found[name] = [known[seed] for seed in seeds]
    return found


@mistake(
    "ablate",
    zh="`seed` 不是一项设置：把它当改动，要抛出 `ValueError`。",
    en="`seed` is no setting: a change of it should raise `ValueError`.",
)
def seed_as_a_setting(experiment, settings, changes, seeds):
    others = {key: value for key, value in changes.items() if key != "seed"}
    found = solutions.ablate(experiment, settings, others, seeds := list(seeds))
    return found | {f"seed={changes[key]}": found["baseline"] for key in changes if key == "seed"}


@mistake(
    "is_linear",
    zh="两个向量只在循环之前抽了一次：每次试验都要另抽。",
    en="The two vectors are drawn once, before the loop: draw new ones in each trial.",
)
def vectors_drawn_once(f, dim_in, trials=10):
    x, y = torch.randn(dim_in), torch.randn(dim_in)
    numbers = torch.randn(trials, 2)
    return all([agree(f(a * x + b * y), a * f(x) + b * f(y)) for a, b in numbers])


@mistake(
    "is_linear",
    zh="两个数只在循环之前抽了一次：每次试验都要另抽。",
    en="The two numbers are drawn once, before the loop: draw new ones in each trial.",
)
def numbers_drawn_once(f, dim_in, trials=10):
    a, b = torch.randn(2)
    pairs = torch.randn(trials, 2, dim_in)
    return all([agree(f(a * x + b * y), a * f(x) + b * f(y)) for x, y in pairs])


@mistake(
    "is_orthogonal",
    zh="`allclose` 还加上 `rtol` 的宽限：对角线上会超过 `atol`；写 `rtol=0`。",
    en="`allclose` allows for its `rtol` as well, more than `atol` on the diagonal: write `rtol=0`.",
)
def allclose_with_rtol(Q, atol=1e-5):
    return square(Q) and torch.allclose(Q.T @ Q, torch.eye(len(Q)).to(Q), atol=atol)


@mistake(
    "is_rotation",
    zh="`allclose` 还加上 `rtol` 的宽限：长度的误差会超过 `atol`；写 `rtol=0`。",
    en="`allclose` allows for its `rtol` as well, so lengths may be off by more than `atol`: write `rtol=0`.",
)
def lengths_with_rtol(R, atol=1e-5):
    return square(R) and torch.allclose(R.T @ R, torch.eye(len(R)).to(R), atol=atol) and bool(torch.det(R) > 0)


@mistake(
    "low_rank",
    zh="留下的是大于 `k` 的奇异值：`k` 是个数。",
    en="Those are the singular values above `k`: `k` is how many.",
)
def values_above_k(A, k):
    U, S, Vh = svd(A)
    return U * (S * (k < S)) @ Vh


@mistake(
    "low_rank",
    zh="留下绝对值最大的 `k` 个元素，不是秩为 `k` 的矩阵。",
    en="The `k` largest entries are no matrix of rank `k`.",
)
def largest_entries_kept(A, k):
    flat, kept = A.flatten(), torch.zeros(A.numel(), dtype=A.dtype)
    largest = flat.abs().argsort(descending=True)[:k]
    kept[largest] = flat[largest]
    return kept.reshape(A.shape)


@mistake("change_of_basis", zh="转置了 `A`。", en="`A` is transposed.")
def map_transposed(A, basis):
    return solutions.change_of_basis(A.T, basis)


@mistake(
    "change_of_basis",
    zh="基向量不要正交化：换了基向量，坐标就变。",
    en="Don't make the basis orthogonal: other basis vectors, other coordinates.",
)
def basis_made_orthogonal(A, basis):
    return solutions.change_of_basis(A, torch.linalg.qr(basis).Q)


@mistake(
    "change_of_basis", zh="两边都是 `P⁻¹`：右边应是 `P`。", en="`P⁻¹` on both sides: on the right it should be `P`."
)
def inverse_on_both_sides(A, basis):
    return torch.linalg.inv(basis) @ A @ torch.linalg.inv(basis)


@mistake("trace", zh="这是奇异值之和，不是迹。", en="That is the sum of the singular values, not the trace.")
def sum_of_singular_values(A):
    return torch.linalg.svdvals(A).sum()


@mistake("trace", zh="这是对角线的长度，不是和。", en="That is the length of the diagonal, not its sum.")
def length_of_the_diagonal(A):
    return A.diagonal().norm()


@mistake("trace", zh="符号反了。", en="The sign is wrong.")
def negative_trace(A):
    return -A.diagonal().sum()
