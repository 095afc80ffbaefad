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


@mistake(
    "expectation",
    zh="这只是把值加起来：每个值要乘它的概率。",
    en="That only adds the values up: multiply each by its probability.",
)
def plain_sum(values, probs):
    return values.sum()


@mistake("expectation", zh="乘积还没有加起来。", en="The products are not summed yet.")
def not_summed(values, probs):
    return values * probs


@mistake(
    "expectation",
    zh="这是平方的期望：值不要平方。",
    en="That is the expectation of the squares: don't square the values.",
)
def of_the_squares(values, probs):
    return (values**2 * probs).sum()


@mistake(
    "expectation",
    zh="概率已经是概率了，不用再 `softmax`。",
    en="The probabilities are probabilities already: no `softmax`.",
)
def softmax_again(values, probs):
    return (values * probs.softmax(dim=0)).sum()


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
    en="Two large, nearly equal numbers are subtracted, and the digits are gone: subtract the mean first, then square.",
)
def cancelled(values, probs):
    return ((values**2 * probs).sum() - (values * probs).sum() ** 2).sqrt()


@mistake(
    "standard_deviation",
    zh="没有用概率：`values.std()` 把每个值看得一样重。",
    en="The probabilities are not used: `values.std()` gives every value the same weight.",
)
def without_probabilities(values, probs):
    return values.std()


@mistake("standard_deviation", zh="均值也要按概率加权。", en="The mean is weighted by probability too.")
def about_the_plain_mean(values, probs):
    return (((values - values.mean()) ** 2) * probs).sum().sqrt()


@mistake(
    "standard_deviation",
    zh="没有减去均值：这是平方的平均，再开方。",
    en="The mean is not subtracted: that is the root of the mean square.",
)
def mean_not_subtracted(values, probs):
    return (values**2 * probs).sum().sqrt()


@mistake(
    "standard_deviation",
    zh="加权之后又除以了个数：概率已经加到 1。",
    en="Weighted, and then divided by their number: the probabilities sum to 1 already.",
)
def divided_again(values, probs):
    return ((values - (values * probs).sum()) ** 2 * probs).mean().sqrt()


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


@mistake(
    "sample_gaussians",
    zh="在函数里另造了一个生成器：接连两次调用，样本就一模一样。",
    en="A generator of your own inside the function: two calls in a row give the very same samples.",
)
def generator_inside(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std, rho, torch.Generator().manual_seed(42))


@mistake(
    "sample_gaussians",
    zh="又给 `generator` 设了种子：它应接着往下抽。",
    en="You seeded the `generator` again: it should go on from where it is.",
)
def seeded_again(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std, rho, generator.manual_seed(0))


@mistake(
    "sample_gaussians",
    zh="第二个变量只是第一个乘随机的正负号：各自是正态，合起来不是。",
    en="The second is the first with a random sign: each is Gaussian, but not jointly.",
)
def random_sign(n, mean, std, rho, generator):
    x = torch.randn(n, generator=generator)
    sign = torch.where(torch.rand(n, generator=generator) < (1 + rho) / 2, 1.0, -1.0)
    return mean + std * torch.stack([x, x * sign], dim=1)


@mistake("sample_gaussians", zh="忘了加均值。", en="The means are not added.")
def centred(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, 0 * mean, std, rho, generator)


@mistake("sample_gaussians", zh="忘了乘标准差。", en="The standard deviations are missing.")
def unit_deviation(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, torch.ones_like(std), rho, generator)


@mistake(
    "sample_gaussians",
    zh="先加均值，再乘标准差：次序反了。",
    en="The mean is added before the standard deviation multiplies: the order is the other one.",
)
def mean_before_scale(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean * std, std, rho, generator)


@mistake(
    "sample_gaussians",
    zh="忘了开方：第二个权重是 `sqrt(1 - rho**2)`。",
    en="The root is missing: the second weight is `sqrt(1 - rho**2)`.",
)
def root_missing(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, rho, 1 - rho**2)


@mistake(
    "sample_gaussians",
    zh="形状是转置的：`n` 行，每行两个数。",
    en="The shape is transposed: `n` rows of two numbers each.",
)
def samples_as_columns(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std, rho, generator).T


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


@mistake("sum_of_gaussians", zh="第二个数是方差，不要开方。", en="The second number is the variance: no root.")
def deviation_for_variance(mu1, sigma1, mu2, sigma2, rho):
    mean, variance = solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)
    return mean, math.sqrt(variance)


@mistake(
    "sum_of_gaussians",
    zh="和的均值是均值之和，不是均值的平均。",
    en="The mean of a sum is the sum of the means, not their average.",
)
def average_of_means(mu1, sigma1, mu2, sigma2, rho):
    mean, variance = solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)
    return mean / 2, variance


@mistake(
    "sum_of_gaussians",
    zh="这是差的方差：和的协方差项是正号。",
    en="That is the variance of the difference: in a sum the covariance has a plus.",
)
def of_the_difference(mu1, sigma1, mu2, sigma2, rho):
    return solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, -rho)


@mistake(
    "sum_of_gaussians",
    zh="协方差是 `rho * sigma1 * sigma2`，`rho` 还不是协方差。",
    en="The covariance is `rho * sigma1 * sigma2`; `rho` alone is not it.",
)
def correlation_for_covariance(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, sigma1**2 + sigma2**2 + 2 * rho


@mistake(
    "sum_of_gaussians",
    zh="把标准差加起来再平方：那是 `rho = 1` 的情形。",
    en="The deviations are added and then squared: that is right for `rho = 1` only.",
)
def fully_correlated(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, (sigma1 + sigma2) ** 2


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
    en="The sign is wrong: the point ahead minus the point behind.",
)
def backwards(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@mistake(
    "central_difference",
    zh="只走了后面一边：这样误差只随 `h` 缩小。",
    en="The side behind only: that error shrinks as `h`, not as its square.",
)
def one_sided_behind(f, x, h):
    return (f(x) - f(x - h)) / h


@mistake(
    "central_difference",
    zh="两边各走了半步：应在 `x + h` 和 `x - h` 处求值。",
    en="Half a step to either side: evaluate at `x + h` and `x - h`.",
)
def half_steps(f, x, h):
    return (f(x + h / 2) - f(x - h / 2)) / h


@mistake("central_difference", zh="两个值要相减，不是相加。", en="Subtract the two values, don't add them.")
def values_added(f, x, h):
    return (f(x + h) + f(x - h)) / (2 * h)


@mistake(
    "central_difference", zh="这是二阶导数的差商。", en="That is the difference quotient of the second derivative."
)
def second_derivative(f, x, h):
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2


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


@mistake("taylor_polynomial", zh="少了最后一项。", en="The last term is missing.")
def last_term_missing(derivatives, a, x):
    return series(derivatives[:-1], x - a, lambda k: 1 / math.factorial(k))


@mistake(
    "taylor_polynomial",
    zh="阶乘差了一位：第 `k` 项除以 `k!`，`k` 从 0 开始。",
    en="The factorial is off by one: term `k` is divided by `k!`, and `k` begins at 0.",
)
def factorial_too_large(derivatives, a, x):
    return series(derivatives, x - a, lambda k: 1 / math.factorial(k + 1))


@mistake(
    "taylor_polynomial",
    zh="符号反了：幂是 `x - a` 的，不是 `a - x` 的。",
    en="The sign is wrong: the powers are of `x - a`, not of `a - x`.",
)
def a_minus_x(derivatives, a, x):
    return series(derivatives, a - x, lambda k: 1 / math.factorial(k))


@mistake(
    "taylor_polynomial", zh="这只是切线：后面的项也要。", en="That is only the tangent: the later terms are needed too."
)
def only_the_tangent(derivatives, a, x):
    return solutions.taylor_polynomial(derivatives[:2], a, x)


@mistake("taylor_polynomial", zh="这只是最后一项：各项要加起来。", en="That is only the last term: add all of them.")
def only_the_last_term(derivatives, a, x):
    k = len(derivatives) - 1
    return derivatives[-1] / math.factorial(k) * (x - a) ** k


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
    "chain_rule",
    zh="只用了头两个：列表里有几个，就乘几个。",
    en="Only the first two are used: multiply all that the list has.",
)
def first_two(jacobians):
    return solutions.chain_rule(jacobians[:2])


@mistake(
    "chain_rule",
    zh="只用了一头一尾：中间的也要乘。",
    en="Only the first and the last are used: those between count too.",
)
def first_and_last(jacobians):
    return jacobians[-1] @ jacobians[0] if len(jacobians) > 1 else jacobians[0]


@mistake("chain_rule", zh="少了最先做的那个函数。", en="The function that is applied first is missing.")
def first_missing(jacobians):
    return solutions.chain_rule(jacobians[1:] or jacobians)


@mistake("chain_rule", zh="最多只乘了三个：列表可以更长。", en="Three are multiplied at most: the list may be longer.")
def three_at_most(jacobians):
    return solutions.chain_rule(jacobians[:3])


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


@mistake("mse_grad", zh="这是损失本身：要它的导数。", en="That is the loss itself: its derivative is wanted.")
def loss_itself(x, y):
    return (x - y) ** 2 / 2


@mistake("mse_grad", zh="丢了符号：误差可正可负。", en="The sign is lost: errors may be negative.")
def sign_gone(x, y):
    return (x - y).abs()


@mistake("mse_grad", zh="每个元素有自己的导数，不要求和。", en="Each element has its own derivative: don't sum.")
def derivatives_summed(x, y):
    return (x - y).sum()


@mistake("mse_grad", zh="少了标签：导数是 `x - y`。", en="The label is missing: the derivative is `x - y`.")
def label_missing(x, y):
    return x.clone()


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
    "gradient_descent",
    zh="少走了一步：要走 `steps` 步，共 `steps + 1` 个值。",
    en="One step too few: `steps` steps, so `steps + 1` values.",
)
def one_step_short(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, lr, max(steps - 1, 0))


@mistake("gradient_descent", zh="多走了一步。", en="One step too many.")
def one_step_more(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, lr, steps + 1)


@mistake("gradient_descent", zh="没有用上学习率 `lr`。", en="The learning rate `lr` is not used.")
def rate_unused(x0, y, lr, steps):
    return descended(x0, y, 1.0, steps, lambda error: error)


@mistake("gradient_descent", zh="只有终点：要整条路。", en="Only the end: the whole path is wanted.")
def only_the_end(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, lr, steps)[-1:]


@mistake("gradient_descent", zh="记下的是误差 `x - y`，不是 `x`。", en="You noted the errors `x - y`, not `x`.")
def errors_noted(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, lr, steps) - y


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
    en="That is the derivative with respect to the logit: not yet divided by `x(1 - x)`.",
)
def by_the_logit(x, y):
    return x - y


@mistake("bce_grad", zh="`y` 与 `1 - y` 调换了。", en="`y` and `1 - y` have changed places.")
def labels_swapped(x, y):
    return -(1 - y) / x + y / (1 - x)


@mistake("bce_grad", zh="少了第二项：`1 - y` 也有一份。", en="The second term is missing: `1 - y` has its share.")
def first_term_only(x, y):
    return -y / x


@mistake("bce_grad", zh="这是损失本身：要它的导数。", en="That is the loss itself: its derivative is wanted.")
def the_loss(x, y):
    return -y * x.log() - (1 - y) * (1 - x).log()


@mistake("bce_grad", zh="每个元素有自己的导数，不求平均。", en="Each element has its own derivative: no mean.")
def averaged(x, y):
    return solutions.bce_grad(x, y) / len(x)


@mistake("bce_grad", zh="第二项的分母是 `1 - x`，不是 `x`。", en="The second denominator is `1 - x`, not `x`.")
def same_denominator(x, y):
    return -y / x + (1 - y) / x


@mistake(
    "bce_grad",
    zh="标签被当成了只有 0 和 1：介于中间的也要对。",
    en="You took the labels for 0 or 1 only: those in between must be right too.",
)
def hard_labels_only(x, y):
    return torch.where(y > 0.5, -1 / x, 1 / (1 - x))


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
    "bce_logit_grad",
    zh="`exp(z)` 在 `z = 200` 时溢出，无穷除以无穷是 NaN：用 `sigmoid`。",
    en="`exp(z)` overflows at `z = 200`, and infinity over infinity is NaN: use `sigmoid`.",
)
def overflowing_sigmoid(z, y):
    return z.exp() / (1 + z.exp()) - y


@mistake(
    "bce_logit_grad",
    zh="`y` 也被送进了 sigmoid：它已经是标签。",
    en="`y` went through the sigmoid too: it is a label already.",
)
def sigmoid_of_both(z, y):
    return z.sigmoid() - y.sigmoid()


@mistake("bce_logit_grad", zh="sigmoid 里的符号反了。", en="The sign inside the sigmoid is wrong.")
def sigmoid_of_minus_z(z, y):
    return (-z).sigmoid() - y


@mistake(
    "bce_logit_grad",
    zh="先减标签，再做 sigmoid：次序反了。",
    en="The label is subtracted before the sigmoid: the order is the other one.",
)
def sigmoid_last(z, y):
    return (z - y).sigmoid()


@mistake(
    "bce_logit_grad",
    zh="这是对概率 `x` 的导数：还要乘 `σ'(z)`。",
    en="That is the derivative with respect to the probability: multiply by `σ'(z)`.",
)
def by_the_probability(z, y):
    x = z.sigmoid()
    return -y / x + (1 - y) / (1 - x)


@mistake("bce_logit_grad", zh="每个元素有自己的导数，不求平均。", en="Each element has its own derivative: no mean.")
def mean_over_n(z, y):
    return (z.sigmoid() - y) / len(z)


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


@mistake(
    "bce_with_logits",
    zh="`z = 0` 处的梯度错了：`relu` 在那里的导数是 0，应是 ½；用 `(z + |z|) / 2`。",
    en="The gradient at `z = 0` is wrong: `relu` has derivative 0 there, it should be ½; use `(z + |z|) / 2`.",
)
def relu_at_zero(z, y):
    return z.relu() - z * y + (-z.abs()).exp().log1p()


@mistake(
    "bce_with_logits",
    zh="`torch.where` 两支都要算：没选中的一支溢出，梯度就成了 NaN。",
    en="`torch.where` computes both branches: where the one not chosen overflows, the gradient is NaN.",
)
def branches(z, y):
    return torch.where(z > 0, z + (-z).exp().log1p(), z.exp().log1p()) - z * y


@mistake(
    "bce_with_logits",
    zh="加一个小数避开 ln 0：`z = 200` 时损失就封了顶，应是 200。",
    en="A small number added to avoid ln 0 puts a ceiling on the loss: at `z = 200` it should be 200.",
)
def with_a_small_number(z, y):
    x = z.sigmoid()
    return -(y * (x + 1e-7).log() + (1 - y) * (1 - x + 1e-7).log())


@mistake("bce_with_logits", zh="少了 `- z * y`。", en="The `- z * y` is missing.")
def label_term_missing(z, y):
    return solutions.bce_with_logits(z, 0 * y)


@mistake("bce_with_logits", zh="每个元素有自己的损失：不求平均。", en="Each element has its own loss: no mean.")
def mean_loss(z, y):
    return solutions.bce_with_logits(z, y).mean().expand(len(z))


@mistake(
    "bce_with_logits",
    zh="少了 `ln(1 + e^-|z|)`：只有 `|z|` 很大时才可以忽略。",
    en="The `ln(1 + e^-|z|)` is missing: it can be left out for large `|z|` only.",
)
def without_logarithm(z, y):
    return (z + z.abs()) / 2 - z * y


@mistake(
    "bce_with_logits",
    zh="值是对的，却与 `z` 断开了：没有梯度。",
    en="The values are right, but cut off from `z`: no gradient.",
)
def detached_loss(z, y):
    return solutions.bce_with_logits(z.detach(), y)


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
    "entropy",
    zh="加权之后又求了平均：概率已经是权。",
    en="Weighted, and then averaged: the probabilities are the weights already.",
)
def mean_of_terms(p):
    return -torch.special.xlogy(p, p).mean()


@mistake("entropy", zh="没有取对数：这是 `1 - Σp²`。", en="There is no logarithm: that is `1 - Σp²`.")
def without_logarithms(p):
    return 1 - (p**2).sum()


@mistake("entropy", zh="没有求和：每一项只是一份。", en="Not summed: each term is one share only.")
def terms_not_summed(p):
    return -torch.special.xlogy(p, p)


@mistake(
    "entropy",
    zh="这是最可能的那件事的惊讶，不是平均的。",
    en="That is the surprise of the likeliest outcome, not the mean.",
)
def least_surprise(p):
    return -p.max().log()


@mistake(
    "entropy",
    zh="这是均匀分布的熵：没有用上各个概率。",
    en="That is the entropy of a uniform distribution: the probabilities are not used.",
)
def uniform_entropy(p):
    return torch.tensor(float(len(p)), dtype=p.dtype).log()


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
    "cross_entropy", zh="这是 `p` 自己的熵：没有用上 `q`。", en="That is the entropy of `p` alone: `q` is not used."
)
def q_unused(p, q):
    return solutions.entropy(p)


@mistake("cross_entropy", zh="加权的是 `q`：应由 `p` 加权。", en="Weighted by `q`: `p` should weigh.")
def weighted_by_q(p, q):
    return solutions.entropy(q)


@mistake(
    "cross_entropy",
    zh="加权之后又求了平均：概率已经是权。",
    en="Weighted, and then averaged: the probabilities are the weights already.",
)
def averaged_terms(p, q):
    return -torch.special.xlogy(p, q).mean()


@mistake("cross_entropy", zh="这是比特：这里用自然对数。", en="Those are bits: here logarithms are natural.")
def cross_entropy_in_bits(p, q):
    return solutions.cross_entropy(p, q) / math.log(2)


@mistake(
    "cross_entropy",
    zh="把 `q = 0` 的项也略去了：`p` 不是 0 时，那里是无穷大。",
    en="The terms with `q = 0` are left out too: where `p` isn't 0, they are infinite.",
)
def impossible_left_out(p, q):
    possible = (p > 0) & (q > 0)
    return -(p[possible] * q[possible].log()).sum()


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


@mistake(
    "kl_divergence",
    zh="把 `q = 0` 的项也略去了：`p` 不是 0 时，那里是无穷大。",
    en="The terms with `q = 0` are left out too: where `p` isn't 0, they are infinite.",
)
def kl_without_the_impossible(p, q):
    both = (p > 0) & (q > 0)
    return (p[both] * (p[both] / q[both]).log()).sum()


@mistake("kl_divergence", zh="两个方向取了平均：KL 只有一个方向。", en="You averaged both directions: KL has one only.")
def symmetric(p, q):
    return (solutions.kl_divergence(p, q) + solutions.kl_divergence(q, p)) / 2


@mistake(
    "kl_divergence",
    zh="减的是 `q` 的熵：应减 `p` 的。",
    en="You subtracted the entropy of `q`: it should be that of `p`.",
)
def entropy_of_q_subtracted(p, q):
    return solutions.cross_entropy(p, q) - solutions.entropy(q)


@mistake(
    "kl_divergence",
    zh="除以了个数：概率已经是权。",
    en="Divided by their number: the probabilities are the weights already.",
)
def kl_per_outcome(p, q):
    return solutions.kl_divergence(p, q) / len(p)


@mistake(
    "kl_divergence",
    zh="加一个小数避开除以 0：该是无穷大的地方就不是了。",
    en="A small number added to avoid a division by 0: then what should be infinite is not.",
)
def kl_with_a_small_number(p, q):
    return (p * ((p + 1e-7) / (q + 1e-7)).log()).sum()


@mistake("kl_divergence", zh="没有用概率加权。", en="Not weighted by probability.")
def unweighted_kl(p, q):
    return (p / q).log().mean()


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


@mistake(
    "perplexity",
    zh="`p` 与 `q` 调换了：`p` 是世界，`q` 是你相信的。",
    en="`p` and `q` have changed places: `p` is the world, `q` what you believe.",
)
def perplexity_swapped(p, q):
    return solutions.perplexity(q, p)


@mistake(
    "perplexity",
    zh="这是 `1/q` 的平均：应先求平均的惊讶，再取指数。",
    en="The mean of `1/q`: take the mean surprise first, then the exponential.",
)
def mean_of_inverses(p, q):
    return torch.where(p > 0, p / q, 0.0).sum()


@mistake(
    "perplexity", zh="符号反了：指数里是正的交叉熵。", en="The sign is wrong: the exponent is cross-entropy, positive."
)
def inverse_perplexity(p, q):
    return (-solutions.cross_entropy(p, q)).exp()


@mistake(
    "perplexity",
    zh="这是选项的个数：只有均匀分布时才等于困惑度。",
    en="That is how many choices there are: perplexity for a uniform guess only.",
)
def number_of_choices(p, q):
    return torch.tensor(float(len(q)), dtype=q.dtype)


def counted(text, *, firsts=None, divisor=None):
    pairs = Counter(zip(text, text[1:], strict=False))
    firsts = Counter(text[:-1]) if firsts is None else firsts
    surprise = sum(count * math.log(firsts[a] / count) for (a, _), count in pairs.items())
    return surprise / max(divisor or len(text) - 1, 1)


@mistake(
    "bigram_cross_entropy",
    zh="最后一个字符后面没有别的了，不能算进分母。",
    en="Nothing follows the last character: it must not be counted in the denominator.",
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


@mistake(
    "bigram_cross_entropy",
    zh="这是总和：还要除以字符对的个数。",
    en="That is the sum: divide it by the number of pairs.",
)
def total_surprise(text):
    return counted(text) * max(len(text) - 1, 1)


@mistake("bigram_cross_entropy", zh="这是比特：这里用自然对数。", en="Those are bits: here logarithms are natural.")
def bigram_in_bits(text):
    return counted(text) / math.log(2)


@mistake("bigram_cross_entropy", zh="这是困惑度：不用取指数。", en="That is the perplexity: no exponential is wanted.")
def bigram_perplexity(text):
    return math.exp(counted(text))


@mistake(
    "bigram_cross_entropy",
    zh="大小写是不同的字符：不要 `lower()`。",
    en="Capitals are characters of their own: no `lower()`.",
)
def lowered(text):
    return counted(text.lower())


@mistake(
    "bigram_cross_entropy",
    zh="`text.count` 不数重叠的：`aaa` 里有两个 `aa`，它只数一个。",
    en="`text.count` doesn't count what overlaps: `aaa` has two pairs `aa`, and it counts one.",
)
def overlaps_missed(text):
    pairs = [a + b for a, b in zip(text, text[1:], strict=False)]
    return sum(math.log(text[:-1].count(pair[0]) / text.count(pair)) for pair in pairs) / max(len(pairs), 1)


@mistake(
    "bigram_cross_entropy",
    zh="每两个字符切成一对，漏掉了一半：相邻的两个都是一对。",
    en="The text is cut into pairs, and half of them are missed: any two neighbours are a pair.",
)
def every_other_pair(text):
    pairs = Counter(zip(text[::2], text[1::2], strict=False))
    firsts = Counter(a for a, _ in pairs.elements())
    return sum(n * math.log(firsts[a] / n) for (a, _), n in pairs.items()) / max(pairs.total(), 1)


@mistake(
    "bigram_cross_entropy",
    zh="以后一个字符为条件了：应由前一个字符猜后一个。",
    en="Conditioned on the character after: guess the second from the first.",
)
def from_the_one_after(text):
    return counted(text[::-1])


@mistake(
    "bigram_cross_entropy",
    zh="没有字符对时除以了 0：那时应返回 0。",
    en="Without pairs you divide by 0: then it should be 0.",
)
def division_by_zero(text):
    pairs, firsts = Counter(zip(text, text[1:], strict=False)), Counter(text[:-1])
    return sum(count * math.log(firsts[a] / count) for (a, _), count in pairs.items()) / (len(text) - 1)
