"""The wrong answers of the second maths lesson, each explained in a sentence."""

import math
from collections import Counter

import torch

from coach import mistake
from part0_chance import solutions


@mistake(
    "expectation", zh="没有用概率加权：这是普通的平均。", en="Not weighted by probability: that is the plain mean."
)
def plain_mean(values, probs):
    return values.mean()


@mistake(
    "expectation",
    zh="加权之后又除以个数：概率已经加到 1。",
    en="Weighted, and then divided by their number: the probabilities sum to 1 already.",
)
def mean_of_products(values, probs):
    return (values * probs).mean()


@mistake("expectation", zh="这是最可能的值，不是期望。", en="That is the likeliest value, not the expectation.")
def likeliest(values, probs):
    return values[probs.argmax()]


def variance(values, probs):
    return solutions.standard_deviation(values, probs) ** 2


@mistake("standard_deviation", zh="这是方差：还要开方。", en="That is the variance: take the root.")
def not_rooted(values, probs):
    return variance(values, probs)


@mistake("standard_deviation", zh="离差也要按概率加权。", en="The deviations are weighted by probability too.")
def unweighted(values, probs):
    return ((values - (values * probs).sum()) ** 2).mean().sqrt()


@mistake(
    "standard_deviation",
    zh="这是平均的绝对离差：要平方，再开方。",
    en="That is the mean absolute deviation: square, then take the root.",
)
def absolute_deviation(values, probs):
    return ((values - (values * probs).sum()).abs() * probs).sum()


@mistake(
    "standard_deviation",
    zh="两个相近的大数相减，有效数字就没了：先减均值，再平方。",
    en="Subtract two large numbers and the digits are gone: subtract the mean first, then square.",
)
def cancelled(values, probs):
    return ((values**2 * probs).sum() - (values * probs).sum() ** 2).clamp(min=0).sqrt()


def drawn(n, mean, std, generator, first, second, noise=torch.randn):
    z = noise(n, 2, generator=generator)
    return mean + std * torch.stack([z[:, 0], first * z[:, 0] + second * z[:, 1]], dim=1)


@mistake(
    "sample_gaussians",
    zh="第二个权重是 `sqrt(1 - rho**2)`，不是 `1 - rho`：方差要加到 1。",
    en="The second weight is `sqrt(1 - rho**2)`, not `1 - rho`: the variances must add up to 1.",
)
def linear_weight(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, rho, 1 - rho)


@mistake("sample_gaussians", zh="没有用上 `rho`：两个变量独立了。", en="`rho` is not used: the two are independent.")
def independent(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, 0.0, 1.0)


@mistake(
    "sample_gaussians",
    zh="乘的是方差：应乘标准差。",
    en="You multiplied by the variance: it should be the standard deviation.",
)
def times_variance(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std**2, rho, generator)


@mistake("sample_gaussians", zh="负的 `rho` 丢了符号。", en="A negative `rho` has lost its sign.")
def sign_lost(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std, abs(rho), generator)


@mistake(
    "sample_gaussians",
    zh="没有用 `generator`：同一个种子给不出同样的样本。",
    en="The `generator` is not used: one seed won't give the same samples.",
)
def own_randomness(n, mean, std, rho, generator):
    return drawn(n, mean, std, None, rho, math.sqrt(1 - rho**2))


@mistake(
    "sample_gaussians",
    zh="噪声是均匀分布的：均值和方差对了，却不是正态。",
    en="The noise is uniform: mean and variance are right, but it isn't Gaussian.",
)
def uniform_noise(n, mean, std, rho, generator):
    def noise(*shape, generator):
        return (torch.rand(*shape, generator=generator) * 2 - 1) * math.sqrt(3)

    return drawn(n, mean, std, generator, rho, math.sqrt(1 - rho**2), noise)


@mistake("sum_of_gaussians", zh="少了协方差：`rho` 没有用上。", en="The covariance is missing: `rho` is not used.")
def without_covariance(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, sigma1**2 + sigma2**2


@mistake(
    "sum_of_gaussians",
    zh="协方差要算两次：展开平方有两个交叉项。",
    en="The covariance counts twice: a square has two cross terms.",
)
def covariance_once(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, sigma1**2 + sigma2**2 + rho * sigma1 * sigma2


@mistake("sum_of_gaussians", zh="相加的是方差，不是标准差。", en="Variances add, not standard deviations.")
def deviations_added(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, sigma1 + sigma2 + 2 * rho * sigma1 * sigma2


@mistake(
    "sum_of_gaussians",
    zh="`rho = -1` 时方差是 `(sigma1 - sigma2)**2`，不总是 0；和是 `mu1 + mu2`。",
    en="At `rho = -1` the variance is `(sigma1 - sigma2)**2`, not always 0; and the sum is `mu1 + mu2`.",
)
def cancels_at_minus_one(mu1, sigma1, mu2, sigma2, rho):
    mean, spread = solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)
    return (mean, spread) if rho > -1 else (0.0, 0.0)


@mistake(
    "central_difference",
    zh="只走了一边：这样误差只随 `h` 缩小。",
    en="One side only: that error shrinks as `h`, not as its square.",
)
def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h


@mistake(
    "central_difference", zh="两点相距 `2h`：少除了 2。", en="The points are `2h` apart: a division by 2 is missing."
)
def divided_by_h(f, x, h):
    return (f(x + h) - f(x - h)) / h


@mistake(
    "central_difference",
    zh="少了括号：`/ 2 * h` 是除以 2 再乘 `h`。",
    en="Brackets are missing: `/ 2 * h` divides by 2 and multiplies by `h`.",
)
def brackets_missing(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


@mistake(
    "central_difference",
    zh="符号反了：前面的点减后面的点。",
    en="The sign is wrong: the point ahead less the point behind.",
)
def backwards(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


def series(derivatives, x, weight):
    return sum((weight(k) * d * x**k for k, d in enumerate(derivatives)), torch.zeros_like(x))


@mistake("taylor_polynomial", zh="幂应是 `x - a` 的，不是 `x` 的。", en="The powers are of `x - a`, not of `x`.")
def about_zero(derivatives, a, x):
    return solutions.taylor_polynomial(derivatives, 0.0, x)


@mistake(
    "taylor_polynomial",
    zh="少了阶乘：第 `k` 项要除以 `k!`。",
    en="The factorial is missing: term `k` is divided by `k!`.",
)
def without_factorial(derivatives, a, x):
    return series(derivatives, x - a, lambda k: 1.0)


@mistake("taylor_polynomial", zh="除以了 `k`，而不是 `k!`。", en="Divided by `k`, not by `k!`.")
def divided_by_k(derivatives, a, x):
    return series(derivatives, x - a, lambda k: 1 / max(k, 1))


@mistake(
    "taylor_polynomial",
    zh="次数错了一位：第一项是 `f(a)`，它不乘任何幂。",
    en="Off by one: the first term is `f(a)`, with no power.",
)
def off_by_one(derivatives, a, x):
    return (x - a) * solutions.taylor_polynomial(derivatives, a, x)


@mistake(
    "chain_rule",
    zh="乘反了：先做的函数，矩阵在右边。",
    en="The wrong way round: the function applied first has its matrix on the right.",
)
def first_on_the_left(jacobians):
    product = jacobians[0]
    for jacobian in jacobians[1:]:
        product = product @ jacobian
    return product


@mistake(
    "chain_rule",
    zh="`*` 是逐元素相乘：这里要矩阵乘法。",
    en="`*` multiplies element by element: here it is the matrix product.",
)
def elementwise(jacobians):
    product = jacobians[0]
    for jacobian in jacobians[1:]:
        product = product * jacobian
    return product


@mistake(
    "chain_rule",
    zh="结果是转置的：行是输出，列是输入。",
    en="The result is transposed: rows are outputs, columns inputs.",
)
def transposed(jacobians):
    return solutions.chain_rule(jacobians).T


@mistake("chain_rule", zh="链式法则是相乘，不是相加。", en="The chain rule multiplies, it doesn't add.")
def added(jacobians):
    product = jacobians[0]
    for jacobian in jacobians[1:]:
        product = product + jacobian
    return product


@mistake(
    "mse_grad",
    zh="符号反了：预测偏大时导数是正的。",
    en="The sign is wrong: where the prediction is too large, the derivative is positive.",
)
def label_less_prediction(x, y):
    return y - x


@mistake("mse_grad", zh="2 与损失前面的 ½ 相消了。", en="The 2 cancels against the loss's ½.")
def twice(x, y):
    return 2 * (x - y)


@mistake("mse_grad", zh="这里不求平均：每个元素有自己的导数。", en="No mean here: each element has its own derivative.")
def divided_by_n(x, y):
    return (x - y) / len(x)


def descended(x0, y, lr, steps, gradient):
    path = [x0]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1] - y))
    return torch.tensor(path)


@mistake("gradient_descent", zh="方向反了：下降要减去梯度。", en="The other way: to descend, subtract the gradient.")
def uphill(x0, y, lr, steps):
    return descended(x0, y, lr, steps, lambda error: -error)


@mistake("gradient_descent", zh="损失带着 ½，梯度里就没有 2。", en="The loss has a ½, so the gradient has no 2.")
def doubled_gradient(x0, y, lr, steps):
    return descended(x0, y, lr, steps, lambda error: 2 * error)


@mistake(
    "gradient_descent", zh="少了起点：要 `steps + 1` 个值。", en="The start is missing: `steps + 1` values are wanted."
)
def without_the_start(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, lr, steps)[1:]


@mistake(
    "gradient_descent",
    zh="梯度总在起点处求：要用现在的位置。",
    en="The gradient is always taken at the start: take it where you are.",
)
def gradient_of_the_start(x0, y, lr, steps):
    return torch.tensor([x0 - t * lr * (x0 - y) for t in range(steps + 1)])


@mistake(
    "bce_grad",
    zh="第二项的符号错了：`ln(1 - x)` 的内层还有一个负号。",
    en="The second sign is wrong: the inside of `ln(1 - x)` adds a minus sign.",
)
def inner_sign_lost(x, y):
    return -y / x - (1 - y) / (1 - x)


@mistake("bce_grad", zh="符号全反了：损失前面有负号。", en="Both signs are wrong: the loss begins with a minus sign.")
def minus_lost(x, y):
    return y / x - (1 - y) / (1 - x)


@mistake(
    "bce_grad",
    zh="这是对 logit 的导数：还没有除以 `x(1 - x)`。",
    en="That is the derivative by the logit: not yet divided by `x(1 - x)`.",
)
def by_the_logit(x, y):
    return x - y


@mistake("bce_grad", zh="`y` 与 `1 - y` 调换了。", en="`y` and `1 - y` have changed places.")
def labels_swapped(x, y):
    return -(1 - y) / x + y / (1 - x)


@mistake(
    "bce_logit_grad",
    zh="`z` 还不是概率：先经过 sigmoid。",
    en="`z` is no probability yet: it goes through the sigmoid first.",
)
def logit_as_probability(z, y):
    return z - y


@mistake("bce_logit_grad", zh="符号反了：是 `σ(z) - y`。", en="The sign is wrong: it is `σ(z) - y`.")
def label_less_sigmoid(z, y):
    return y - z.sigmoid()


@mistake(
    "bce_logit_grad",
    zh="`σ'(z)` 与分母相消，不再留下来：那是平方误差的导数。",
    en="`σ'(z)` cancels the denominator and is gone: what you have is the squared error's derivative.",
)
def slope_kept(z, y):
    x = z.sigmoid()
    return (x - y) * x * (1 - x)


@mistake(
    "bce_logit_grad",
    zh="没有化简：两端是 0 除以 0，得到 NaN。",
    en="Not simplified: at both ends that is 0 over 0, NaN.",
)
def not_simplified(z, y):
    x = z.sigmoid()
    return (-y / x + (1 - y) / (1 - x)) * x * (1 - x)


@mistake(
    "bce_with_logits",
    zh="先求 sigmoid 再取对数：两端是 ln 0。",
    en="The sigmoid first, then the logarithm: at both ends that is ln 0.",
)
def naive(z, y):
    x = z.sigmoid()
    return -(y * x.log() + (1 - y) * (1 - x).log())


@mistake(
    "bce_with_logits",
    zh="夹住概率会封顶损失：`z = 200` 时应是 200。",
    en="A clamped probability puts a ceiling on the loss: at `z = 200` it should be 200.",
)
def clamped(z, y):
    x = z.sigmoid().clamp(1e-7, 1 - 1e-7)
    return -(y * x.log() + (1 - y) * (1 - x).log())


@mistake(
    "bce_with_logits",
    zh="`exp(z)` 在 `z = 200` 时溢出：指数里只留负数。",
    en="`exp(z)` overflows at `z = 200`: keep exponents negative.",
)
def overflowing(z, y):
    return z.exp().log1p() - z * y


@mistake(
    "bce_with_logits",
    zh="`log(1 + t)` 把小的 `t` 舍入成了 0：用 `log1p`。",
    en="`log(1 + t)` rounds a small `t` to 0: use `log1p`.",
)
def rounded_away(z, y):
    return (z + z.abs()) / 2 - z * y + torch.log(1 + (-z.abs()).exp())


@mistake("bce_with_logits", zh="`y` 的正负弄反了：是 `- z * y`。", en="The sign of `y` is wrong: it is `- z * y`.")
def labels_flipped(z, y):
    return solutions.bce_with_logits(z, 1 - y)


@mistake(
    "bce_with_logits",
    zh="`z = 0` 处的梯度错了：`clamp` 在那里的导数是 1，应是 ½；用 `(z + |z|) / 2`。",
    en="The gradient at `z = 0` is wrong: `clamp` has derivative 1 there, it should be ½; use `(z + |z|) / 2`.",
)
def lopsided_at_zero(z, y):
    return z.clamp(min=0) - z * y + (-z.abs()).exp().log1p()


@mistake("bce_with_logits", zh="这是 torch 现成的：这一题要自己写。", en="That is torch's own: here you write it.")
def ready_made(z, y):
    return torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")


@mistake("entropy", zh="少了负号：熵不会是负的。", en="The minus sign is missing: entropy is never negative.")
def negative(p):
    return -solutions.entropy(p)


@mistake("entropy", zh="这是比特：这里用自然对数。", en="Those are bits: here logarithms are natural.")
def in_bits(p):
    return solutions.entropy(p) / math.log(2)


@mistake("entropy", zh="`0 * log(0)` 是 NaN：应算作 0。", en="`0 * log(0)` is NaN: it should count as 0.")
def not_a_number(p):
    return -(p * p.log()).sum()


@mistake(
    "entropy",
    zh="没有用概率加权：惊讶要乘它发生的机会。",
    en="Not weighted: each surprise is multiplied by its chance.",
)
def unweighted_surprise(p):
    return -p[p > 0].log().mean()


@mistake(
    "cross_entropy",
    zh="`p` 与 `q` 调换了：加权的是 `p`，取对数的是 `q`。",
    en="`p` and `q` have changed places: `p` weighs, `q` is in the logarithm.",
)
def swapped(p, q):
    return solutions.cross_entropy(q, p)


@mistake("cross_entropy", zh="少了负号。", en="The minus sign is missing.")
def negative_cross_entropy(p, q):
    return -solutions.cross_entropy(p, q)


@mistake(
    "cross_entropy",
    zh="加了一个小数避开 ln 0：该是无穷大的地方就不是了。",
    en="A small number added to avoid ln 0: then what should be infinite is not.",
)
def never_infinite(p, q):
    return -(p * (q + 1e-7).log()).sum()


@mistake(
    "cross_entropy",
    zh="两个都是 0 时得到 NaN：`p = 0` 的项应算作 0。",
    en="NaN where both are 0: terms with `p = 0` count as 0.",
)
def nan_where_both_are_zero(p, q):
    return -(p * q.log()).sum()


@mistake(
    "cross_entropy", zh="把 KL 当成了交叉熵：没有减去熵。", en="That is KL: from cross-entropy, nothing is subtracted."
)
def kl_for_cross_entropy(p, q):
    return solutions.kl_divergence(p, q)


@mistake(
    "kl_divergence",
    zh="方向反了：KL 不对称，`p` 在前。",
    en="The other direction: KL is not symmetric, and `p` comes first.",
)
def reverse_kl(p, q):
    return solutions.kl_divergence(q, p)


@mistake(
    "kl_divergence", zh="这是交叉熵：还要减去熵。", en="That is cross-entropy: the entropy is still to be subtracted."
)
def entropy_not_subtracted(p, q):
    return solutions.cross_entropy(p, q)


@mistake("kl_divergence", zh="符号反了：KL 从不小于 0。", en="The sign is wrong: KL is never below 0.")
def negative_kl(p, q):
    return -solutions.kl_divergence(p, q)


@mistake("kl_divergence", zh="`p = 0` 时得到 NaN：那一项应算作 0。", en="NaN where `p = 0`: that term counts as 0.")
def nan_where_p_is_zero(p, q):
    return (p * (p / q).log()).sum()


@mistake("perplexity", zh="底不对：熵以奈特计，就用 e。", en="The wrong base: with entropy in nats it is e.")
def base_two(p, q):
    return 2 ** solutions.cross_entropy(p, q)


@mistake(
    "perplexity",
    zh="用的是 `p` 的熵：困惑的是相信 `q` 的人。",
    en="That is the entropy of `p`: the one perplexed believes in `q`.",
)
def perplexity_of_p(p, q):
    return solutions.entropy(p).exp()


@mistake("perplexity", zh="用的是 KL：应是交叉熵。", en="That uses KL: it should be cross-entropy.")
def exponent_of_kl(p, q):
    return solutions.kl_divergence(p, q).exp()


@mistake("perplexity", zh="还没有取指数：这是交叉熵。", en="The exponential is missing: that is cross-entropy.")
def without_exponential(p, q):
    return solutions.cross_entropy(p, q)


def counted(text, *, firsts=None, divisor=None):
    pairs = Counter(zip(text, text[1:], strict=False))
    firsts = Counter(text[:-1]) if firsts is None else firsts
    surprise = sum(count * math.log(firsts[a] / count) for (a, _), count in pairs.items())
    return surprise / max(divisor or len(text) - 1, 1)


@mistake(
    "bigram_cross_entropy",
    zh="最后一个字符后面没有别的了，不能算进分母。",
    en="Nothing follows the last character: it doesn't count below.",
)
def last_counted(text):
    return counted(text, firsts=Counter(text))


@mistake(
    "bigram_cross_entropy",
    zh="相邻的字符对有 `len(text) - 1` 个。",
    en="There are `len(text) - 1` pairs of neighbours.",
)
def divided_by_length(text):
    return counted(text, divisor=len(text))


@mistake(
    "bigram_cross_entropy",
    zh="这是不看前文的字符的熵：要以前一个字符为条件。",
    en="That is the entropy of single characters: condition on the one before.",
)
def unigram(text):
    counts = Counter(text)
    return sum(n * math.log(len(text) / n) for n in counts.values()) / max(len(text), 1)


@mistake(
    "bigram_cross_entropy",
    zh="这是字符对的熵：还没有除以前一个字符的概率。",
    en="That is the entropy of pairs: not yet divided by the first one's probability.",
)
def entropy_of_pairs(text):
    pairs = Counter(zip(text, text[1:], strict=False))
    total = sum(pairs.values())
    return sum(n * math.log(total / n) for n in pairs.values()) / max(total, 1)


@mistake(
    "bigram_cross_entropy",
    zh="每种字符对只算了一次：要按出现的次数加权。",
    en="Each kind of pair counts once: weigh it by how often it occurs.",
)
def unweighted_pairs(text):
    pairs, firsts = Counter(zip(text, text[1:], strict=False)), Counter(text[:-1])
    return sum(math.log(firsts[a] / n) for (a, _), n in pairs.items()) / max(len(pairs), 1)
