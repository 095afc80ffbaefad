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
    zh="加权之后又除以个数：概率加起来已经是 1。",
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
    zh="加权之后又除以了个数：概率加起来已经是 1。",
    en="Weighted, and then divided by their number: the probabilities sum to 1 already.",
)
def divided_again(values, probs):
    return ((values - (values * probs).sum()) ** 2 * probs).mean().sqrt()


def drawn(n, mean, std, generator, first, second, noise=torch.randn):
    z = noise(n, 2, generator=generator)
    return mean + std * torch.stack([z[:, 0], first * z[:, 0] + second * z[:, 1]], dim=1)


@mistake(
    "sample_gaussians",
    zh="第二个权重是 `sqrt(1 - rho**2)`，不是 `1 - rho`：方差加起来要等于 1。",
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
    zh="在函数里另造了一个发生器：接连两次调用，样本就一模一样。",
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
    zh="先加均值，再乘标准差：顺序反了。",
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
    en="The standard deviations are added and then squared: that is right for `rho = 1` only.",
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
    zh="符号反了：应是 `f(x + h)` 减 `f(x - h)`。",
    en="The sign is wrong: it is `f(x + h)` minus `f(x - h)`.",
)
def backwards(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@mistake(
    "central_difference",
    zh="只走了左边：这样误差只随 `h` 缩小。",
    en="Only the left side: that error shrinks as `h`, not as its square.",
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
    zh="没有化简：两端有 0 除以 0，或无穷乘 0，得到 NaN。",
    en="Not simplified: at both ends that has 0 over 0, or infinity times 0, which is NaN.",
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
    zh="先减标签，再做 sigmoid：顺序反了。",
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
    zh="截断概率，损失就封了顶：`z = 200` 时应是 200。",
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
    zh="加一个很小的数避开 ln 0：`z = 200` 时损失就封了顶，应是 200。",
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
    zh="没有用概率加权：惊讶要乘它发生的概率。",
    en="Not weighted: multiply each surprise by its probability.",
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
    zh="加了一个很小的数避开 ln 0：该是无穷大的地方就不是了。",
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


@mistake("cross_entropy", zh="这是 KL：交叉熵不减去熵。", en="That is KL: cross-entropy subtracts no entropy.")
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
    zh="加一个很小的数避开除以 0：该是无穷大的地方就不是了。",
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
    zh="这是选项的个数：那是均匀猜测的困惑度。",
    en="That is the number of choices: it is the perplexity of the uniform guess.",
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


@mistake(
    "expectation",
    zh="重复的值只算了一次：不要放进以值为键的字典。",
    en="A value that occurs twice counts once: don't put values into a dictionary as keys.",
)
def repeated_values_lost(values, probs):
    once = dict(zip(values.tolist(), probs.tolist(), strict=True))
    return torch.tensor(sum(value * prob for value, prob in once.items()), dtype=values.dtype)


@mistake(
    "expectation",
    zh="这是 Python 的数：应是没有轴的张量，不要 `.item()`。",
    en="That is a Python number: a tensor without axes is wanted, so no `.item()`.",
)
def expectation_as_a_number(values, probs):
    return (values * probs).sum().item()


@mistake(
    "expectation", zh="值不要取绝对值：负的照样算。", en="No absolute values: what is negative counts as negative."
)
def of_absolute_values(values, probs):
    return (values.abs() * probs).sum()


@mistake("expectation", zh="少了最后一项。", en="The last term is missing.")
def expectation_without_the_last(values, probs):
    return (values[:-1] * probs[:-1]).sum()


@mistake("expectation", zh="少了第一项：下标从 0 开始。", en="The first term is missing: indices begin at 0.")
def expectation_without_the_first(values, probs):
    return (values[1:] * probs[1:]).sum()


@mistake(
    "expectation",
    zh="结果总是 `float32`：要与输入相同的 dtype。",
    en="The result is always `float32`: it should have the dtype of the inputs.",
)
def expectation_in_float32(values, probs):
    return (values * probs).sum().float()


@mistake("expectation", zh="应乘概率，不是除以它。", en="Multiply by the probabilities, don't divide by them.")
def divided_by_probabilities(values, probs):
    return (values / probs).sum()


@mistake("expectation", zh="概率不要平方。", en="Don't square the probabilities.")
def probabilities_squared(values, probs):
    return (values * probs**2).sum()


@mistake("expectation", zh="这是累加的过程：只要最后的和。", en="Those are running sums: only the last one is wanted.")
def running_sums(values, probs):
    return (values * probs).cumsum(dim=0)


@mistake("expectation", zh="结果多了一个轴：应没有轴。", en="The result has an axis: it should have none.")
def axis_left(values, probs):
    return (values * probs).sum(dim=0, keepdim=True)


@mistake(
    "expectation",
    zh="每个值与它自己的概率相乘，顺序不能变。",
    en="Each value goes with its own probability: leave their order alone.",
)
def values_sorted(values, probs):
    return (values.sort().values * probs).sum()


@mistake(
    "standard_deviation",
    zh="不要除以 `k - 1`：那是样本的估计，这里的概率是已知的。",
    en="No correction by `k - 1`: that is for estimates from samples, and here the probabilities are known.",
)
def with_a_correction(values, probs):
    return (variance(values, probs) * len(values) / max(len(values) - 1, 1)).sqrt()


@mistake(
    "standard_deviation",
    zh="离差平方之后才乘概率：你把概率也平方了。",
    en="Square the deviations, then multiply by the probabilities: you squared those as well.",
)
def weights_squared(values, probs):
    return (((values - (values * probs).sum()) * probs) ** 2).sum().sqrt()


@mistake(
    "standard_deviation",
    zh="根号里加了一个很小的数：标准差很小时就不对。",
    en="A small number is added under the root: that is wrong for small standard deviations.",
)
def small_number_under_the_root(values, probs):
    return (variance(values, probs) + 1e-12).sqrt()


@mistake(
    "standard_deviation",
    zh="根号里加了一个很小的数（或设了下限）：标准差是 0 时就不是 0。",
    en="A small number is added under the root, or is the least it may be: a standard deviation of 0 is no longer 0.",
)
def larger_number_under_the_root(values, probs):
    return (variance(values, probs) + 1e-8).sqrt()


@mistake(
    "standard_deviation",
    zh="两个相近的大数相减，有效数字就没了，把负的截成 0 也救不回来：先减均值，再平方。",
    en="Two large, nearly equal numbers are subtracted and the digits are gone, clamped or not: subtract the mean first, then square.",
)
def cancelled_and_clamped(values, probs):
    return ((values**2 * probs).sum() - (values * probs).sum() ** 2).clamp(min=0).sqrt()


@mistake(
    "standard_deviation",
    zh="先减的是第一个值，它离其余的很远时，平方之差又没有了有效数字：要减均值。",
    en="The first value is subtracted: where it is far from the others, the digits are gone again in the difference of squares. Subtract the mean.",
)
def shifted_by_the_first(values, probs):
    away = values - values[0]
    return ((away**2 * probs).sum() - (away * probs).sum() ** 2).clamp(min=0).sqrt()


@mistake(
    "standard_deviation",
    zh="重复的值只算了一次：不要放进以值为键的字典。",
    en="A value that occurs twice counts once: don't put values into a dictionary as keys.",
)
def repeated_values_once(values, probs):
    once = dict(zip(values.tolist(), probs.tolist(), strict=True))
    mean = sum(v * p for v, p in once.items())
    return torch.tensor(math.sqrt(sum((v - mean) ** 2 * p for v, p in once.items())), dtype=values.dtype)


@mistake(
    "standard_deviation",
    zh="这是 Python 的数：应是没有轴的张量，不要 `.item()`。",
    en="That is a Python number: a tensor without axes is wanted, so no `.item()`.",
)
def deviation_as_a_number(values, probs):
    return variance(values, probs).sqrt().item()


@mistake(
    "standard_deviation",
    zh="离差没有平方：加权之和总是 0。",
    en="The deviations are not squared: weighted, they sum to 0.",
)
def deviations_not_squared(values, probs):
    return ((values - (values * probs).sum()) * probs).sum().sqrt()


@mistake(
    "standard_deviation", zh="应减均值的平方，你减了均值。", en="The square of the mean is subtracted, not the mean."
)
def mean_for_its_square(values, probs):
    return ((values**2 * probs).sum() - (values * probs).sum()).sqrt()


@mistake(
    "standard_deviation",
    zh="这是乘积 `values * probs` 的标准差：概率是权，不是因子。",
    en="That is the standard deviation of the products `values * probs`: probabilities are weights, not factors.",
)
def deviation_of_products(values, probs):
    return (values * probs).std()


@mistake(
    "standard_deviation",
    zh="没有用概率：`std(correction=0)` 把每个值看得一样重。",
    en="The probabilities are not used: `std(correction=0)` gives every value the same weight.",
)
def plain_deviation(values, probs):
    return values.std(correction=0)


@mistake(
    "sample_gaussians",
    zh="`rho` 是 ±1 时，Cholesky 分解会失败：用题目里的混合。",
    en="At `rho` ±1 the Cholesky factorisation fails: use the mixture above.",
)
def cholesky_fails_at_one(n, mean, std, rho, generator):
    L = torch.linalg.cholesky(torch.tensor([[1.0, rho], [rho, 1.0]]))
    return mean + std * (torch.randn(n, 2, generator=generator) @ L.T)


@mistake(
    "sample_gaussians",
    zh="乘的是协方差矩阵：应乘它的“平方根”。",
    en="You multiplied by the covariance matrix: it should be a root of it.",
)
def covariance_for_its_root(n, mean, std, rho, generator):
    return mean + std * (torch.randn(n, 2, generator=generator) @ torch.tensor([[1.0, rho], [rho, 1.0]]))


@mistake(
    "sample_gaussians",
    zh="用 `generator` 的种子另造了一个：两次抽样一模一样；直接用 `generator`。",
    en="A new generator with the seed of `generator`: two draws are the same; draw from `generator` itself.",
)
def seed_taken_from_the_generator(n, mean, std, rho, generator):
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    return solutions.sample_gaussians(n, mean, std, rho, fresh)


@mistake(
    "sample_gaussians",
    zh="只有一半的随机数来自 `generator`。",
    en="Only half of the random numbers come from `generator`.",
)
def half_from_the_generator(n, mean, std, rho, generator):
    first, second = torch.randn(n, generator=generator), torch.randn(n)
    return mean + std * torch.stack([first, rho * first + math.sqrt(1 - rho**2) * second], dim=1)


@mistake(
    "sample_gaussians",
    zh="样本被减去了自己的均值：均值要加的是 `mean`，样本的均值自己会偏一点。",
    en="The samples' own mean is subtracted: add `mean`, and let the mean of the samples be a little off.",
)
def exactly_centred(n, mean, std, rho, generator):
    samples = solutions.sample_gaussians(n, mean, std, rho, generator)
    return samples - samples.mean(dim=0) + mean if n else samples


@mistake(
    "sample_gaussians",
    zh="样本被除以了自己的标准差：它们自己会偏一点。",
    en="The samples are divided by their own standard deviation: let it be a little off.",
)
def exactly_scaled(n, mean, std, rho, generator):
    samples = solutions.sample_gaussians(n, mean, std, rho, generator)
    return mean + (samples - mean) / samples.std(dim=0) * std if n > 1 else samples


@mistake("sample_gaussians", zh="两个标准差调换了。", en="The two standard deviations have changed places.")
def deviations_swapped(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std.flip(0), rho, generator)


@mistake("sample_gaussians", zh="两个变量都用了第一个标准差。", en="Both have the first standard deviation.")
def first_deviation_for_both(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std[:1].expand(2), rho, generator)


@mistake("sample_gaussians", zh="两个变量都用了第一个均值。", en="Both have the first mean.")
def first_mean_for_both(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean[:1].expand(2), std, rho, generator)


@mistake(
    "sample_gaussians",
    zh="第二个变量只用了 `Z2`：没有与第一个相关。",
    en="The second is made of `Z2` alone: it has no part of the first.",
)
def mixed_with_itself(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, 0.0, rho + math.sqrt(1 - rho**2))


@mistake("sample_gaussians", zh="两个变量成了同一个。", en="The two are one and the same.")
def the_same_twice(n, mean, std, rho, generator):
    z = torch.randn(n, 2, generator=generator)
    mixed = rho * z[:, 0] + math.sqrt(1 - rho**2) * z[:, 1]
    return mean + std * torch.stack([mixed, mixed], dim=1)


@mistake(
    "sample_gaussians",
    zh="第二个权重不该是 1：方差加起来要等于 1，用 `sqrt(1 - rho**2)`。",
    en="The second weight isn't 1: the variances must add up to 1, take `sqrt(1 - rho**2)`.",
)
def second_weight_one(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, rho, 1.0)


@mistake(
    "sample_gaussians",
    zh="根号里是 `1 - rho**2`，不是 `1 - rho`。",
    en="Under the root is `1 - rho**2`, not `1 - rho`.",
)
def rho_not_squared(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, rho, math.sqrt(1 - rho))


@mistake(
    "sample_gaussians",
    zh="极端的样本被截断了：正态没有界限。",
    en="Extreme samples are cut off: a Gaussian has no bounds.",
)
def cut_off(n, mean, std, rho, generator):
    z = solutions.sample_gaussians(n, torch.zeros(2), torch.ones(2), rho, generator)
    return mean + std * z.clamp(-3, 3)


@mistake("sample_gaussians", zh="只抽了一个样本，重复了 `n` 次。", en="One sample is drawn and repeated `n` times.")
def one_sample_repeated(n, mean, std, rho, generator):
    return solutions.sample_gaussians(1, mean, std, rho, generator).expand(n, 2)


@mistake(
    "sum_of_gaussians",
    zh="先均值，后方差：顺序反了。",
    en="First the mean, then the variance: you return them the other way round.",
)
def variance_first(mu1, sigma1, mu2, sigma2, rho):
    return tuple(reversed(solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)))


@mistake("sum_of_gaussians", zh="结果被舍入了。", en="The results are rounded.")
def rounded_to_hundredths(mu1, sigma1, mu2, sigma2, rho):
    return tuple(round(value, 2) for value in solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho))


@mistake("sum_of_gaussians", zh="负的 `rho` 丢了符号。", en="A negative `rho` has lost its sign.")
def sign_of_rho_lost(mu1, sigma1, mu2, sigma2, rho):
    return solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, abs(rho))


@mistake("sum_of_gaussians", zh="`rho` 不要平方。", en="Don't square `rho`.")
def rho_squared(mu1, sigma1, mu2, sigma2, rho):
    return solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho**2)


@mistake(
    "sum_of_gaussians",
    zh="协方差里是标准差，不是方差：`rho * sigma1 * sigma2`。",
    en="The covariance has the standard deviations in it, not the variances: `rho * sigma1 * sigma2`.",
)
def covariance_of_variances(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, sigma1**2 + sigma2**2 + 2 * rho * sigma1**2 * sigma2**2


@mistake(
    "sum_of_gaussians",
    zh="均值里没有协方差：和的均值就是均值之和。",
    en="There is no covariance in the mean: the mean of a sum is the sum of the means.",
)
def covariance_in_the_mean(mu1, sigma1, mu2, sigma2, rho):
    mean, spread = solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)
    return mean + rho * sigma1 * sigma2, spread


@mistake("sum_of_gaussians", zh="均值要相加，不是相减。", en="Add the means, don't subtract.")
def means_subtracted(mu1, sigma1, mu2, sigma2, rho):
    return mu1 - mu2, solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)[1]


@mistake(
    "sum_of_gaussians",
    zh="这是标准差之和：要方差，还要协方差。",
    en="That is the sum of the standard deviations: the variance is wanted, with the covariance.",
)
def sum_of_deviations(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, sigma1 + sigma2


@mistake(
    "sum_of_gaussians",
    zh="协方差用了均值：应是 `rho * sigma1 * sigma2`。",
    en="The covariance is made of the means: it is `rho * sigma1 * sigma2`.",
)
def covariance_of_means(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, sigma1**2 + sigma2**2 + 2 * rho * mu1 * mu2


@mistake(
    "sum_of_gaussians",
    zh="独立时的标准差：要方差，还要协方差。",
    en="That is the standard deviation if they were independent: the variance is wanted, with the covariance.",
)
def independent_deviation(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, math.hypot(sigma1, sigma2)


@mistake("central_difference", zh="没有除以两点的距离 `2h`。", en="The division by the distance `2h` is missing.")
def difference_only(f, x, h):
    return f(x + h) - f(x - h)


@mistake("central_difference", zh="除以了 2，没有除以 `h`。", en="Divided by 2, but not by `h`.")
def divided_by_two(f, x, h):
    return (f(x + h) - f(x - h)) / 2


@mistake(
    "central_difference",
    zh="少了括号：只有后一项除以了 `2h`。",
    en="Brackets are missing: only the second value is divided by `2h`.",
)
def only_the_second_divided(f, x, h):
    return f(x + h) - f(x - h) / (2 * h)


@mistake(
    "central_difference",
    zh="走了两倍的 `h`：应在 `x + h` 和 `x - h` 处求值。",
    en="Steps of twice `h`: evaluate at `x + h` and `x - h`.",
)
def double_steps(f, x, h):
    return (f(x + 2 * h) - f(x - 2 * h)) / (4 * h)


@mistake(
    "central_difference",
    zh="这是单侧差商的一半：`f(x)` 应是 `f(x - h)`。",
    en="That is half of the one-sided difference: `f(x)` should be `f(x - h)`.",
)
def one_sided_halved(f, x, h):
    return (f(x + h) - f(x)) / (2 * h)


@mistake(
    "central_difference", zh="没有用上 `h`：步长是你自己定的。", en="`h` is not used: the step is one of your own."
)
def step_of_its_own(f, x, h):
    return solutions.central_difference(f, x, 1e-5)


@mistake("central_difference", zh="导数可以是负的：不取绝对值。", en="A derivative may be negative: no absolute value.")
def absolute_slope(f, x, h):
    return abs(solutions.central_difference(f, x, h))


@mistake("central_difference", zh="结果被舍入了。", en="The result is rounded.")
def rounded_slope(f, x, h):
    return round(solutions.central_difference(f, x, h), 4)


@mistake("central_difference", zh="`h` 只除一次，不要平方。", en="Divide by `h` once: it isn't squared.")
def divided_by_h_squared(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h**2)


@mistake(
    "central_difference",
    zh="这是更高阶的公式：只用 `x + h` 和 `x - h` 两点。",
    en="That is a formula of higher order: use `x + h` and `x - h` only.",
)
def four_points(f, x, h):
    return (8 * (f(x + h) - f(x - h)) - f(x + 2 * h) + f(x - 2 * h)) / (12 * h)


@mistake(
    "central_difference",
    zh="返回的是一个函数：要它在 `x` 处的值。",
    en="That returns a function: its value at `x` is wanted.",
)
def a_function_returned(f, x, h):
    return lambda t: (f(t + h) - f(t - h)) / (2 * h)


@mistake(
    "central_difference", zh="步长不能有下限：就用给定的 `h`。", en="The step has no lower bound: take `h` as it is."
)
def step_never_small(f, x, h):
    return solutions.central_difference(f, x, max(h, 1e-5))


@mistake(
    "taylor_polynomial",
    zh="结果总是 `float32`：要与 `x` 相同的 dtype。",
    en="The result is always `float32`: it should have the dtype of `x`.",
)
def taylor_in_float32(derivatives, a, x):
    return solutions.taylor_polynomial(derivatives, a, x).float()


@mistake(
    "taylor_polynomial",
    zh="遇到为 0 的导数就停了：后面的项还要。",
    en="You stop at a derivative of 0: the terms after it are needed.",
)
def stopped_at_zero(derivatives, a, x):
    first = next((k for k, d in enumerate(derivatives) if not d), len(derivatives))
    return solutions.taylor_polynomial(derivatives[:first] or [0.0], a, x)


@mistake(
    "taylor_polynomial",
    zh="从 `k` = 21 起，`k!` 放不进 64 位整数，不能变成张量，也不能拿来除张量：用 `float(math.factorial(k))`。",
    en="From `k` = 21 on `k!` is too large an integer to become a tensor, or to divide one: use `float(math.factorial(k))`.",
)
def tensor_over_a_large_integer(derivatives, a, x):
    return sum((d * (x - a) ** k / math.factorial(k) for k, d in enumerate(derivatives)), torch.zeros_like(x))


@mistake(
    "taylor_polynomial",
    zh="取走了列表里的数：传入的 `derivatives` 变空了。",
    en="You took the numbers out of the list: the `derivatives` passed in are emptied.",
)
def list_emptied(derivatives, a, x):
    found = solutions.taylor_polynomial(derivatives, a, x)
    derivatives.clear()
    return found


@mistake(
    "taylor_polynomial",
    zh="阶乘差了一位：第 `k` 项除以 `k!`，不是 `(k - 1)!`。",
    en="The factorial is off by one: term `k` is divided by `k!`, not by `(k - 1)!`.",
)
def factorial_too_small(derivatives, a, x):
    return series(derivatives, x - a, lambda k: 1 / math.factorial(max(k - 1, 0)))


@mistake("taylor_polynomial", zh="应除以阶乘，不是乘它。", en="Divide by the factorial, don't multiply by it.")
def times_the_factorial(derivatives, a, x):
    return series(derivatives, x - a, lambda k: math.factorial(k))


@mistake("taylor_polynomial", zh="幂是 `x - a` 的，不是 `x + a` 的。", en="The powers are of `x - a`, not of `x + a`.")
def x_plus_a(derivatives, a, x):
    return series(derivatives, x + a, lambda k: 1 / math.factorial(k))


@mistake(
    "taylor_polynomial",
    zh="导数的顺序反了：列表从 `f(a)` 开始。",
    en="The derivatives are taken in reverse: the list begins with `f(a)`.",
)
def derivatives_reversed(derivatives, a, x):
    return solutions.taylor_polynomial(derivatives[::-1], a, x)


@mistake("taylor_polynomial", zh="少了第一项 `f(a)`。", en="The first term, `f(a)`, is missing.")
def first_term_missing(derivatives, a, x):
    return solutions.taylor_polynomial([0.0, *derivatives[1:]], a, x)


@mistake(
    "taylor_polynomial",
    zh="各点的值不要加起来：每个 `x` 有自己的值。",
    en="Don't add up the points: each `x` has its own value.",
)
def points_summed(derivatives, a, x):
    return solutions.taylor_polynomial(derivatives, a, x).sum()


@mistake(
    "taylor_polynomial",
    zh="乘了 `k`，不是 `k` 次方：`(x - a) ** k`。",
    en="Multiplied by `k` where a power is wanted: `(x - a) ** k`.",
)
def times_k_for_power(derivatives, a, x):
    terms = [d / math.factorial(k) * (x - a) * k for k, d in enumerate(derivatives)]
    return derivatives[0] + sum(terms, torch.zeros_like(x))


@mistake("taylor_polynomial", zh="除以了 `k + 1`，而不是 `k!`。", en="Divided by `k + 1`, not by `k!`.")
def divided_by_k_plus_one(derivatives, a, x):
    return series(derivatives, x - a, lambda k: 1 / (k + 1))


@mistake("taylor_polynomial", zh="各项还没有加起来。", en="The terms are not summed yet.")
def terms_side_by_side(derivatives, a, x):
    return torch.stack([d / math.factorial(k) * (x - a) ** k for k, d in enumerate(derivatives)])


@mistake(
    "chain_rule",
    zh="单位矩阵是 `float32` 的，与 `float64` 的雅可比矩阵合不来：写上 `dtype`。",
    en="The identity is `float32` and won't go with `float64` Jacobians: give it their `dtype`.",
)
def float32_identity(jacobians):
    product = torch.eye(jacobians[0].shape[1])
    for jacobian in jacobians:
        product = jacobian @ product
    return product


@mistake(
    "chain_rule",
    zh="改动了传入的列表：用 `reversed(…)`，或切片 `[::-1]`，它们不改原来的。",
    en="The list passed in is changed: `reversed(…)` and the slice `[::-1]` leave it as it was.",
)
def list_reversed_in_place(jacobians):
    found = solutions.chain_rule(jacobians)
    jacobians.reverse()
    return found


@mistake("chain_rule", zh="改动了传入的列表：`pop` 把它取空了。", en="The list passed in is changed: `pop` empties it.")
def list_popped(jacobians):
    found = solutions.chain_rule(jacobians)
    jacobians.clear()
    return found


@mistake(
    "chain_rule",
    zh="只认得两个函数：列表可以是任意长。",
    en="That takes two functions only: the list may have any length.",
)
def two_functions_unpacked(jacobians):
    first, second = jacobians
    return second @ first


@mistake(
    "chain_rule",
    zh="只有一个函数时报了错：那时就是它自己的雅可比矩阵。",
    en="With one function this fails: then it is that function's Jacobian.",
)
def one_function_fails(jacobians):
    return torch.linalg.multi_dot(jacobians[::-1])


@mistake("chain_rule", zh="少了最后做的那个函数。", en="The function that is applied last is missing.")
def last_missing(jacobians):
    return solutions.chain_rule(jacobians[:-1] or jacobians)


@mistake(
    "chain_rule",
    zh="只有最后一个函数的雅可比矩阵：所有的都要乘。",
    en="That is the last function's Jacobian only: multiply all of them.",
)
def only_the_last_jacobian(jacobians):
    return jacobians[-1].clone()


@mistake(
    "chain_rule",
    zh="只有第一个函数的雅可比矩阵：所有的都要乘。",
    en="That is the first function's Jacobian only: multiply all of them.",
)
def only_the_first_jacobian(jacobians):
    return jacobians[0].clone()


@mistake(
    "chain_rule",
    zh="相邻的两两相乘了：要全部乘成一个。",
    en="Neighbours are multiplied in pairs: all of them make one product.",
)
def products_of_neighbours(jacobians):
    return [later @ earlier for earlier, later in zip(jacobians, jacobians[1:], strict=False)]


@mistake("chain_rule", zh="是乘积，不是平均。", en="It is the product, not a mean.")
def product_averaged(jacobians):
    return solutions.chain_rule(jacobians) / len(jacobians)


@mistake(
    "chain_rule",
    zh="结果总是 `float32`：要与输入相同的 dtype。",
    en="The result is always `float32`: it should have the dtype of the inputs.",
)
def jacobian_in_float32(jacobians):
    return solutions.chain_rule(jacobians).float()


@mistake("mse_grad", zh="导数没有上限：不要截断。", en="The derivative has no bounds: don't clip it.")
def clipped_at_one(x, y):
    return (x - y).clamp(-1, 1)


@mistake("mse_grad", zh="导数没有上限：不要截断。", en="The derivative has no bounds: don't clip it.")
def clipped_at_ten(x, y):
    return (x - y).clamp(-10, 10)


@mistake(
    "mse_grad",
    zh="`F.mse_loss` 没有 ½，还求了平均：这里的损失是每个元素的 ½(x − y)²。",
    en="`F.mse_loss` has no ½ and takes a mean: here each element's loss is ½(x − y)².",
)
def of_the_mean_loss(x, y):
    return 2 * (x - y) / len(x)


@mistake(
    "mse_grad", zh="只有符号还不够：误差的大小也要。", en="The sign alone is not enough: the size of the error counts."
)
def sign_only(x, y):
    return (x - y).sign()


@mistake("mse_grad", zh="½ 与平方的 2 相消：结果里没有 ½。", en="The ½ cancels against the square's 2: no ½ is left.")
def half_left(x, y):
    return (x - y) / 2


@mistake("mse_grad", zh="这是平方：导数比损失低一次。", en="That is a square: the derivative is one degree lower.")
def still_squared(x, y):
    return (x - y) ** 2


@mistake(
    "mse_grad",
    zh="就地相减改动了传入的 `x`：写 `x - y`。",
    en="Subtracting in place changes the `x` passed in: write `x - y`.",
)
def subtracted_in_place(x, y):
    x -= y
    return x


@mistake(
    "mse_grad",
    zh="内层对 `x` 的导数是 1，不是 `x`。",
    en="The derivative of the inside with respect to `x` is 1, not `x`.",
)
def times_x(x, y):
    return x * (x - y)


@mistake("mse_grad", zh="结果被舍入了。", en="The result is rounded.")
def rounded_derivative(x, y):
    return (x - y).round(decimals=2)


@mistake(
    "mse_grad",
    zh="结果总是 `float32`：要与输入相同的 dtype。",
    en="The result is always `float32`: it should have the dtype of the inputs.",
)
def derivative_in_float32(x, y):
    return (x - y).float()


@mistake("mse_grad", zh="负的误差也有导数：不要用 ReLU。", en="Negative errors have a derivative too: no ReLU.")
def positive_errors_only(x, y):
    return (x - y).relu()


@mistake(
    "gradient_descent",
    zh="同一个张量记了许多次，就地更新后全都变了：每步记一个新的。",
    en="The same tensor is noted again and again, and updates in place change them all: note a new one at each step.",
)
def one_tensor_many_times(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, lr, steps)[-1:].repeat(steps + 1)


@mistake("gradient_descent", zh="提前停了：要走完 `steps` 步。", en="You stop early: go all `steps` steps.")
def stops_when_near(x0, y, lr, steps):
    path = [x0]
    while len(path) <= steps and abs(path[-1] - y) > 1e-8:
        path.append(path[-1] - lr * (path[-1] - y))
    return torch.tensor(path)


@mistake("gradient_descent", zh="`.grad` 会累加：每步之前要清零。", en="`.grad` adds up: clear it before each step.")
def gradients_accumulated(x0, y, lr, steps):
    path, total = [x0], 0.0
    for _ in range(steps):
        total += path[-1] - y
        path.append(path[-1] - lr * total)
    return torch.tensor(path)


@mistake(
    "gradient_descent",
    zh="只有梯度的符号：步子的大小应与误差成比例。",
    en="Only the sign of the gradient: the step should be as large as the error is.",
)
def sign_of_the_gradient(x0, y, lr, steps):
    return descended(x0, y, lr, steps, lambda error: (error > 0) - (error < 0))


@mistake("gradient_descent", zh="梯度被截断了：不要截断。", en="The gradient is clipped: don't.")
def gradient_clipped(x0, y, lr, steps):
    return descended(x0, y, lr, steps, lambda error: max(-1.0, min(1.0, error)))


@mistake("gradient_descent", zh="少了 `y`：梯度是 `x - y`。", en="The `y` is missing: the gradient is `x - y`.")
def target_missing(x0, y, lr, steps):
    return solutions.gradient_descent(x0, 0.0, lr, steps)


@mistake(
    "gradient_descent",
    zh="½ 与平方的 2 相消：梯度里没有 ½。",
    en="The ½ cancels against the square's 2: the gradient has no ½.",
)
def halved_gradient(x0, y, lr, steps):
    return descended(x0, y, lr, steps, lambda error: error / 2)


@mistake(
    "gradient_descent",
    zh="这是损失，不是梯度：走的是 `x - y`。",
    en="That is the loss, not the gradient: the step is along `x - y`.",
)
def loss_for_gradient(x0, y, lr, steps):
    return descended(x0, y, lr, steps, lambda error: error**2 / 2)


@mistake("gradient_descent", zh="梯度丢了符号。", en="The gradient has lost its sign.")
def absolute_gradient(x0, y, lr, steps):
    return descended(x0, y, lr, steps, abs)


@mistake(
    "gradient_descent",
    zh="学习率逐步变小了：它应一直是 `lr`。",
    en="The learning rate falls from step to step: it should stay `lr`.",
)
def falling_rate(x0, y, lr, steps):
    path = [x0]
    for t in range(steps):
        path.append(path[-1] - lr / (t + 1) * (path[-1] - y))
    return torch.tensor(path)


@mistake("gradient_descent", zh="最后一个值没有写进去，还是 0。", en="The last value is not filled in and is still 0.")
def last_value_zero(x0, y, lr, steps):
    path = solutions.gradient_descent(x0, y, lr, steps)
    path[-1] = path[-1] if steps == 0 else 0
    return path


@mistake("gradient_descent", zh="起点没有写进去，还是 0。", en="The start is not filled in and is still 0.")
def start_zero(x0, y, lr, steps):
    path = solutions.gradient_descent(x0, y, lr, steps)
    path[0] = 0
    return path


@mistake("gradient_descent", zh="这只是列表：要张量。", en="That is a list: a tensor is wanted.")
def path_as_a_list(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, lr, steps).tolist()


@mistake(
    "gradient_descent",
    zh="学习率大于 1 时被截成了 1：照样用它。",
    en="A learning rate above 1 is cut to 1: use it as it is.",
)
def rate_at_most_one(x0, y, lr, steps):
    return solutions.gradient_descent(x0, y, min(lr, 1.0), steps)


@mistake(
    "gradient_descent",
    zh="这是匀速走到 `y` 的直线，不是梯度下降。",
    en="That is a straight walk to `y`, no gradient descent.",
)
def straight_walk(x0, y, lr, steps):
    return torch.linspace(x0, y, steps + 1)


@mistake(
    "bce_grad",
    zh="预测被截断了：离 0 很近时导数就不对，它没有上界。",
    en="The predictions are clamped: near 0 that is wrong, because the derivative has no bound.",
)
def predictions_clamped(x, y):
    return solutions.bce_grad(x.clamp(1e-7, 1 - 1e-7), y)


@mistake(
    "bce_grad",
    zh="分母里加了一个很小的数：离 0 很近时导数就不对，它没有上界。",
    en="A small number is added to the denominators: near 0 that is wrong, because the derivative has no bound.",
)
def small_number_below(x, y):
    return -y / (x + 1e-8) + (1 - y) / (1 - x + 1e-8)


@mistake(
    "bce_grad",
    zh="分母里加了一个很小的数：离 0 很近时导数就不对，它没有上界。",
    en="A small number is added to the denominators: near 0 that is wrong, because the derivative has no bound.",
)
def larger_number_below(x, y):
    return -y / (x + 1e-6) + (1 - y) / (1 - x + 1e-6)


@mistake("bce_grad", zh="导数没有上界：不要截断。", en="The derivative has no bound: don't clip it.")
def clipped_at_a_hundred(x, y):
    return solutions.bce_grad(x, y).clamp(-100, 100)


@mistake("bce_grad", zh="每个元素有自己的导数，不要求和。", en="Each element has its own derivative: don't sum.")
def bce_derivatives_summed(x, y):
    return solutions.bce_grad(x, y).sum()


@mistake("bce_grad", zh="少了第一项：`-y / x`。", en="The first term, `-y / x`, is missing.")
def second_term_only(x, y):
    return (1 - y) / (1 - x)


@mistake(
    "bce_grad",
    zh="第一项的符号错了：`ln x` 前面有负号。",
    en="The first sign is wrong: there is a minus before `ln x`.",
)
def first_sign_lost(x, y):
    return y / x + (1 - y) / (1 - x)


@mistake("bce_grad", zh="应除以 `x(1 - x)`，不是乘它。", en="Divide by `x(1 - x)`, don't multiply by it.")
def times_the_slope(x, y):
    return (x - y) * x * (1 - x)


@mistake("bce_grad", zh="少了分母里的 `1 - x`。", en="The `1 - x` is missing in the denominator.")
def divided_by_x_only(x, y):
    return (x - y) / x


@mistake("bce_grad", zh="少了分母里的 `x`。", en="The `x` is missing in the denominator.")
def divided_by_the_rest_only(x, y):
    return (x - y) / (1 - x)


@mistake("bce_grad", zh="`ln x` 的导数是 `1/x`，不是 `-1/x²`。", en="The derivative of `ln x` is `1/x`, not `-1/x²`.")
def squared_denominators(x, y):
    return -y / x**2 + (1 - y) / (1 - x) ** 2


@mistake("bce_grad", zh="`x` 已经是概率：不用再经过 sigmoid。", en="`x` is a probability already: no sigmoid.")
def sigmoid_of_a_probability(x, y):
    return x.sigmoid() - y


@mistake(
    "bce_logit_grad",
    zh="softmax 把各元素连在了一起：每个 logit 单独经过 sigmoid。",
    en="A softmax ties the elements together: each logit goes through the sigmoid by itself.",
)
def softmax_for_sigmoid(z, y):
    return z.softmax(dim=0) - y


@mistake(
    "bce_logit_grad",
    zh="这是 0 或 1 的判断：要概率 `σ(z)`。",
    en="That is a decision, 0 or 1: the probability `σ(z)` is wanted.",
)
def decided(z, y):
    return (z > 0).to(z.dtype) - y


@mistake("bce_logit_grad", zh="tanh 不是 sigmoid。", en="tanh is not the sigmoid.")
def tanh_for_sigmoid(z, y):
    return z.tanh() - y


@mistake(
    "bce_logit_grad", zh="用 tanh 写 sigmoid，里面是 `z / 2`。", en="A sigmoid written with tanh has `z / 2` inside."
)
def tanh_without_half(z, y):
    return (1 + z.tanh()) / 2 - y


@mistake("bce_logit_grad", zh="少了 `- y`。", en="The `- y` is missing.")
def label_not_subtracted(z, y):
    return z.sigmoid()


@mistake(
    "bce_logit_grad",
    zh="标签被当成了只有 0 和 1：介于中间的也要对。",
    en="You took the labels for 0 or 1 only: those in between must be right too.",
)
def rounded_labels(z, y):
    return z.sigmoid() - y.round()


@mistake("bce_logit_grad", zh="每个元素有自己的导数，不要求和。", en="Each element has its own derivative: don't sum.")
def logit_derivatives_summed(z, y):
    return (z.sigmoid() - y).sum()


@mistake(
    "bce_logit_grad", zh="这是 sigmoid 的导数，不是损失的。", en="That is the sigmoid's derivative, not the loss's."
)
def slope_of_the_sigmoid(z, y):
    return z.sigmoid() * (1 - z.sigmoid())


@mistake("bce_logit_grad", zh="丢了符号：导数可正可负。", en="The sign is lost: the derivative may be negative.")
def sign_of_the_error_lost(z, y):
    return (z.sigmoid() - y).abs()


@mistake("bce_logit_grad", zh="这是损失本身：要它的导数。", en="That is the loss itself: its derivative is wanted.")
def loss_of_the_logit(z, y):
    return solutions.bce_with_logits(z, y)


@mistake("bce_logit_grad", zh="sigmoid 只经过一次。", en="One sigmoid only.")
def sigmoid_twice(z, y):
    return z.sigmoid().sigmoid() - y


@mistake(
    "bce_with_logits",
    zh="`z` 被截断了：`z = 200` 时损失应是 200，梯度应是 1。",
    en="`z` is clamped: at `z = 200` the loss should be 200, and the gradient 1.",
)
def logits_clamped(z, y):
    return solutions.bce_with_logits(z.clamp(-100, 100), y)


@mistake(
    "bce_with_logits",
    zh="`z` 被截断了：`z = 200` 时损失应是 200，梯度应是 1。",
    en="`z` is clamped: at `z = 200` the loss should be 200, and the gradient 1.",
)
def logits_clamped_early(z, y):
    return solutions.bce_with_logits(z.clamp(-20, 20), y)


@mistake(
    "bce_with_logits",
    zh="指数是 `-|z|`，不是 `|z|`：这样会溢出。",
    en="The exponent is `-|z|`, not `|z|`, which overflows.",
)
def exponent_positive(z, y):
    return (z + z.abs()) / 2 - z * y + z.abs().exp().log1p()


@mistake(
    "bce_with_logits",
    zh="指数里的 `-z` 在 `z` 很小（很负）时溢出：用 `-|z|`。",
    en="The exponent `-z` overflows where `z` is far below 0: use `-|z|`.",
)
def overflows_below(z, y):
    return (-z).exp().log1p() + z - z * y


@mistake(
    "bce_with_logits",
    zh="符号反了：是 `ln(1 + e^z)`，不是 `ln(1 + e^-z)`。",
    en="The sign is wrong: it is `ln(1 + e^z)`, not `ln(1 + e^-z)`.",
)
def softplus_of_minus_z(z, y):
    return torch.nn.functional.softplus(-z) - z * y


@mistake("bce_with_logits", zh="应减 `z * y`，不是 `y`。", en="Subtract `z * y`, not `y`.")
def label_alone_subtracted(z, y):
    return torch.nn.functional.softplus(z) - y


@mistake("bce_with_logits", zh="应减 `z * y`，不是加。", en="Subtract `z * y`, don't add it.")
def label_term_added(z, y):
    return solutions.bce_with_logits(z, -y)


@mistake("bce_with_logits", zh="每个元素有自己的损失：不求和。", en="Each element has its own loss: don't sum.")
def summed_loss(z, y):
    return solutions.bce_with_logits(z, y).sum()


@mistake("bce_with_logits", zh="每个元素有自己的损失：不求平均。", en="Each element has its own loss: no mean.")
def mean_as_one_number(z, y):
    return solutions.bce_with_logits(z, y).mean()


@mistake(
    "bce_with_logits",
    zh="标签被当成了只有 0 和 1：介于中间的也要对。",
    en="You took the labels for 0 or 1 only: those in between must be right too.",
)
def labels_rounded(z, y):
    return solutions.bce_with_logits(z, y.round())


@mistake(
    "bce_with_logits",
    zh="整个的符号反了：损失从不小于 0。",
    en="The sign of it all is wrong: the loss is never below 0.",
)
def negative_loss(z, y):
    return -solutions.bce_with_logits(z, y)


@mistake(
    "bce_with_logits",
    zh="只有一项用了稳定的 `logsigmoid`：`ln(1 - σ(z))` 也要，写成 `logsigmoid(-z)`。",
    en="Only one term has the stable `logsigmoid`: `ln(1 - σ(z))` needs it too, as `logsigmoid(-z)`.",
)
def half_stable(z, y):
    return -y * torch.nn.functional.logsigmoid(z) - (1 - y) * (1 - z.sigmoid()).log()


@mistake("bce_with_logits", zh="`max(z, 0)` 不是 `|z|`。", en="`max(z, 0)` is not `|z|`.")
def absolute_for_positive_part(z, y):
    return z.abs() - z * y + (-z.abs()).exp().log1p()


@mistake(
    "entropy",
    zh="把小的概率略去了：只有恰好是 0 的才不算。",
    en="Small probabilities are left out: only those of exactly 0 add nothing.",
)
def small_probabilities_left_out(p):
    some = p[p > 1e-4]
    return -(some * some.log()).sum()


@mistake(
    "entropy",
    zh="对数里加了一个很小的数：概率都很小时就不对；只对恰好是 0 的例外。",
    en="A small number is added inside the logarithm: that is wrong where all probabilities are small; make an exception for exact zeros only.",
)
def small_number_in_the_logarithm(p):
    return -(p * (p + 1e-8).log()).sum()


@mistake(
    "entropy",
    zh="对数里加了一个很小的数：概率都很小时就不对；只对恰好是 0 的例外。",
    en="A small number is added inside the logarithm: that is wrong where all probabilities are small; make an exception for exact zeros only.",
)
def larger_number_in_the_logarithm(p):
    return -(p * (p + 1e-6).log()).sum()


@mistake(
    "entropy",
    zh="每个概率都被抬到了 `1e-8` 以上：0 很多时，它们加起来就不少了。",
    en="Every probability is raised to at least `1e-8`: where there are many zeros, they add up.",
)
def zeros_raised(p):
    raised = p.clamp(min=1e-8)
    return -(raised * raised.log()).sum()


@mistake(
    "entropy",
    zh="对数里加了一个很小的数：小概率很多时，误差加起来就不小了。",
    en="A small number is added in the logarithm: where there are many small probabilities, the errors add up.",
)
def billionth_added(p):
    return -(p * (p + 1e-9).log()).sum()


@mistake(
    "entropy",
    zh="概率被截断了：概率都很小时就不对；只对恰好是 0 的例外。",
    en="The probabilities are clamped: that is wrong where all are small; make an exception for exact zeros only.",
)
def probabilities_clamped(p):
    return -(p * p.clamp(min=1e-4).log()).sum()


@mistake(
    "entropy",
    zh="`1 - p` 不算：每个结果只有自己的一项。",
    en="There is no `1 - p`: each outcome has one term, its own.",
)
def with_the_complements(p):
    return -(torch.special.xlogy(p, p) + torch.special.xlogy(1 - p, 1 - p)).sum()


@mistake("entropy", zh="相同的概率只算了一次。", en="Equal probabilities count once only.")
def equal_probabilities_once(p):
    return solutions.entropy(p.unique())


@mistake("entropy", zh="以 10 为底：这里用自然对数。", en="That is to the base 10: here logarithms are natural.")
def to_base_ten(p):
    return solutions.entropy(p) / math.log(10)


@mistake("entropy", zh="有一个概率是 0，熵不就因此是 0。", en="A probability of 0 doesn't make the entropy 0.")
def zero_for_any_zero(p):
    return solutions.entropy(p) if bool((p > 0).all()) else torch.zeros((), dtype=p.dtype)


@mistake(
    "entropy",
    zh="这是 Python 的数：应是没有轴的张量，不要 `.item()`。",
    en="That is a Python number: a tensor without axes is wanted, so no `.item()`.",
)
def entropy_as_a_number(p):
    return solutions.entropy(p).item()


@mistake(
    "entropy",
    zh="概率里的 0 被改掉了：传入的 `p` 变了。",
    en="The zeros are replaced in `p` itself: what was passed in is changed.",
)
def zeros_replaced_in_place(p):
    p[p == 0] = 1
    return -(p * p.log()).sum()


@mistake(
    "entropy", zh="没有乘概率：这是惊讶之和。", en="The probabilities are missing: that is the sum of the surprises."
)
def surprises_summed(p):
    return -p[p > 0].log().sum()


@mistake("entropy", zh="除以了最大的熵：不用归一化。", en="Divided by the largest entropy: no need to normalise.")
def normalised_entropy(p):
    return solutions.entropy(p) / max(math.log(len(p)), 1e-9)


@mistake("entropy", zh="不用取指数：那是困惑度。", en="No exponential: that would be perplexity.")
def exponential_of_entropy(p):
    return solutions.entropy(p).exp()


@mistake(
    "cross_entropy",
    zh="小的 `p` 被略去了：只有恰好是 0 的才不算。",
    en="Where `p` is small the term is left out: only those of exactly 0 add nothing.",
)
def small_p_left_out(p, q):
    return -(p[p > 1e-4] * q[p > 1e-4].log()).sum()


@mistake(
    "cross_entropy",
    zh="小的 `p` 被略去了：只有恰好是 0 的才不算。",
    en="Where `p` is small the term is left out: only those of exactly 0 add nothing.",
)
def tiny_p_left_out(p, q):
    return -(p[p > 1e-8] * q[p > 1e-8].log()).sum()


@mistake(
    "cross_entropy",
    zh="`q` 已经是概率：不要再做 softmax，`F.cross_entropy` 里也有一次。",
    en="`q` is probabilities already: no softmax, and `F.cross_entropy` has one inside.",
)
def torch_s_on_probabilities(p, q):
    return torch.nn.functional.cross_entropy(q, p)


@mistake(
    "cross_entropy",
    zh="`q` 被截断了：该是无穷大的地方就不是了。",
    en="`q` is clamped: then what should be infinite is not.",
)
def clamped_q(p, q):
    return -(p * q.clamp(min=1e-12).log()).sum()


@mistake(
    "cross_entropy",
    zh="对数被截断了：该是无穷大的地方就不是了。",
    en="The logarithm is clamped: then what should be infinite is not.",
)
def clamped_logarithm(p, q):
    return -(p * q.log().clamp(min=-100)).sum()


@mistake(
    "cross_entropy",
    zh="`nan_to_num` 把无穷大也换掉了：`q = 0 < p` 时应是无穷大。",
    en="`nan_to_num` replaces infinity as well: where `q = 0 < p` it should be infinite.",
)
def infinity_replaced(p, q):
    return torch.nan_to_num(-(p * q.log())).sum()


@mistake("cross_entropy", zh="没有用 `p` 加权。", en="Not weighted by `p`.")
def without_weights(p, q):
    return -q.log().sum()


@mistake(
    "cross_entropy",
    zh="只看了最可能的那件事：每一件都要按 `p` 加权。",
    en="Only the likeliest outcome counts: all do, weighted by `p`.",
)
def likeliest_outcome_only(p, q):
    return -q[p.argmax()].log()


@mistake(
    "cross_entropy",
    zh="`1 - p` 不算：每个结果只有自己的一项。",
    en="There is no `1 - p`: each outcome has one term, its own.",
)
def binary_terms(p, q):
    return -(torch.special.xlogy(p, q) + torch.special.xlogy(1 - p, 1 - q)).sum()


@mistake("cross_entropy", zh="各项还没有加起来。", en="The terms are not summed yet.")
def cross_terms(p, q):
    return -torch.special.xlogy(p, q)


@mistake(
    "cross_entropy",
    zh="只要有一处 `q = 0` 就给了无穷大：`p` 也是 0 的地方不算。",
    en="Infinite wherever a `q` is 0: where `p` is 0 too, it adds nothing.",
)
def infinite_for_any_zero(p, q):
    return solutions.cross_entropy(p, q) if bool((q > 0).all()) else torch.tensor(math.inf, dtype=p.dtype)


@mistake(
    "cross_entropy",
    zh="这是 Python 的数：应是没有轴的张量，不要 `.item()`。",
    en="That is a Python number: a tensor without axes is wanted, so no `.item()`.",
)
def cross_entropy_as_a_number(p, q):
    return solutions.cross_entropy(p, q).item()


@mistake(
    "cross_entropy",
    zh="先求和，再取对数：应先取对数。",
    en="Summed first, then the logarithm: the logarithm comes first.",
)
def logarithm_of_the_sum(p, q):
    return -(p * q).sum().log()


@mistake(
    "kl_divergence",
    zh="小的 `p` 被略去了：只有恰好是 0 的才不算。",
    en="Where `p` is small the term is left out: only those of exactly 0 add nothing.",
)
def kl_of_large_p_only(p, q):
    return (p[p > 1e-4] * (p[p > 1e-4] / q[p > 1e-4]).log()).sum()


@mistake(
    "kl_divergence",
    zh="`F.kl_div` 先要 `q` 的对数，再要 `p`：你把顺序弄反了。",
    en="`F.kl_div` takes first the logarithm of `q`, then `p`: you have them the other way round.",
)
def kl_div_the_other_way(p, q):
    return torch.nn.functional.kl_div(p.log(), q, reduction="sum")


@mistake(
    "kl_divergence",
    zh="`F.kl_div` 的第一个参数是 `q` 的对数。",
    en="The first argument of `F.kl_div` is the logarithm of `q`.",
)
def kl_div_without_logarithm(p, q):
    return torch.nn.functional.kl_div(q, p, reduction="sum")


@mistake(
    "kl_divergence",
    zh='除以了个数：用 `F.kl_div` 就写上 `reduction="sum"`。',
    en='Divided by their number: with `F.kl_div`, write `reduction="sum"`.',
)
def kl_div_mean(p, q):
    return (torch.special.xlogy(p, p) - p * q.log()).mean()


@mistake(
    "kl_divergence",
    zh="每一项都取了绝对值（或截断到 0）：只有总和不小于 0。",
    en="Each term is made positive: only the sum is never below 0.",
)
def absolute_terms(p, q):
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).abs().sum()


@mistake(
    "kl_divergence",
    zh="每一项都截断到了 0 以上：只有总和不小于 0。",
    en="Each term is clamped at 0: only the sum is never below 0.",
)
def clamped_terms(p, q):
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).clamp(min=0).sum()


@mistake("kl_divergence", zh="熵应减去，不是加上。", en="Subtract the entropy, don't add it.")
def entropy_added(p, q):
    return solutions.cross_entropy(p, q) + solutions.entropy(p)


@mistake(
    "kl_divergence",
    zh="这是两个熵之差：要的是交叉熵减熵。",
    en="That is a difference of two entropies: it is cross-entropy minus entropy.",
)
def difference_of_entropies(p, q):
    return solutions.entropy(q) - solutions.entropy(p)


@mistake("kl_divergence", zh="这是比特：这里用自然对数。", en="Those are bits: here logarithms are natural.")
def kl_in_bits(p, q):
    return solutions.kl_divergence(p, q) / math.log(2)


@mistake("kl_divergence", zh="各项还没有加起来。", en="The terms are not summed yet.")
def kl_terms(p, q):
    return torch.special.xlogy(p, p) - torch.special.xlogy(p, q)


@mistake("kl_divergence", zh="两个方向加在了一起：KL 只有一个方向。", en="You added both directions: KL has one only.")
def both_directions_added(p, q):
    return solutions.kl_divergence(p, q) + solutions.kl_divergence(q, p)


@mistake("kl_divergence", zh="加权的是 `q`：应由 `p` 加权。", en="Weighted by `q`: `p` should weigh.")
def kl_weighted_by_q(p, q):
    return (q * (p / q).log()).sum()


@mistake(
    "kl_divergence",
    zh="这是概率之差，不是 KL：要取对数。",
    en="Those are differences of probabilities, no KL: it has logarithms.",
)
def total_variation(p, q):
    return (p - q).abs().sum() / 2


@mistake(
    "kl_divergence",
    zh="这是 Python 的数：应是没有轴的张量，不要 `.item()`。",
    en="That is a Python number: a tensor without axes is wanted, so no `.item()`.",
)
def kl_as_a_number(p, q):
    return solutions.kl_divergence(p, q).item()


@mistake(
    "kl_divergence",
    zh="只要有一处 `q = 0` 就给了无穷大：`p` 也是 0 的地方不算。",
    en="Infinite wherever a `q` is 0: where `p` is 0 too, it adds nothing.",
)
def kl_infinite_for_any_zero(p, q):
    return solutions.kl_divergence(p, q) if bool((q > 0).all()) else torch.tensor(math.inf, dtype=p.dtype)


@mistake("perplexity", zh="结果被取整了：困惑度不必是整数。", en="The result is rounded: perplexity need not be whole.")
def whole_perplexity(p, q):
    return solutions.perplexity(p, q).round()


@mistake(
    "perplexity",
    zh="困惑度没有上限：自信地猜错，就比选项的个数还大。",
    en="Perplexity has no bound: to be wrong with confidence makes it more than the number of choices.",
)
def at_most_the_choices(p, q):
    return solutions.perplexity(p, q).clamp(max=len(q))


@mistake(
    "perplexity", zh="先求和，再取指数：指数不能一项一项地取。", en="Sum first, then the exponential: not term by term."
)
def exponential_of_each_term(p, q):
    return (-torch.special.xlogy(p, q)).exp().sum()


@mistake(
    "perplexity",
    zh="没有用 `p` 加权：这是 `1/q` 的几何平均。",
    en="Not weighted by `p`: that is the geometric mean of `1/q`.",
)
def unweighted_perplexity(p, q):
    return (1 / q).prod() ** (1 / len(q))


@mistake(
    "perplexity",
    zh="底不对：这是 10，熵以奈特计，就用 e。",
    en="The wrong base: that is 10, and with entropy in nats it is e.",
)
def base_ten(p, q):
    return 10 ** solutions.cross_entropy(p, q)


@mistake(
    "perplexity",
    zh="这是 Python 的数：应是没有轴的张量，不要 `.item()`。",
    en="That is a Python number: a tensor without axes is wanted, so no `.item()`.",
)
def perplexity_as_a_number(p, q):
    return solutions.perplexity(p, q).item()


@mistake("perplexity", zh="交叉熵是和，不是平均。", en="Cross-entropy is a sum, not a mean.")
def exponential_of_the_mean(p, q):
    return (-torch.special.xlogy(p, q).mean()).exp()


@mistake("perplexity", zh="用的是 `q` 自己的熵：应由 `p` 加权。", en="That is the entropy of `q`: `p` should weigh.")
def perplexity_of_q(p, q):
    return solutions.entropy(q).exp()


@mistake(
    "perplexity",
    zh="加了一个很小的数避开 ln 0：该是无穷大的地方就不是了。",
    en="A small number added to avoid ln 0: then what should be infinite is not.",
)
def never_infinitely_perplexed(p, q):
    return (-(p * (q + 1e-7).log()).sum()).exp()


@mistake(
    "perplexity",
    zh="两个都是 0 时得到 NaN：`p = 0` 的项应算作 0。",
    en="NaN where both are 0: terms with `p = 0` count as 0.",
)
def perplexity_nan(p, q):
    return (-(p * q.log()).sum()).exp()


@mistake(
    "perplexity",
    zh="这是平均概率的倒数：应先取对数，再平均。",
    en="That is the inverse of the mean probability: take logarithms before the mean.",
)
def inverse_of_the_mean(p, q):
    return 1 / (p * q).sum()


@mistake(
    "bigram_cross_entropy",
    zh="开头和结尾的空白也是字符：不要 `strip()`。",
    en="Spaces at either end are characters too: no `strip()`.",
)
def stripped(text):
    return counted(text.strip())


@mistake("bigram_cross_entropy", zh="空格也是字符：不要去掉。", en="Spaces are characters too: don't remove them.")
def without_spaces(text):
    return counted("".join(text.split()))


@mistake(
    "bigram_cross_entropy",
    zh="数字和标点也是字符：不要去掉。",
    en="Digits and punctuation are characters too: don't remove them.",
)
def letters_only(text):
    return counted("".join(c for c in text if c.isalpha() or c.isspace()))


@mistake(
    "bigram_cross_entropy",
    zh="是字符对，不是词对：不要 `split()`。",
    en="Pairs of characters, not of words: no `split()`.",
)
def pairs_of_words(text):
    return counted(text.split())


@mistake(
    "bigram_cross_entropy",
    zh="计数被平滑了：这里的模型就用数出来的次数。",
    en="The counts are smoothed: this model takes them as they are.",
)
def smoothed(text):
    pairs, firsts = Counter(zip(text, text[1:], strict=False)), Counter(text[:-1])
    size = len(set(text))
    surprise = -sum(n * math.log((n + 1) / (firsts[a] + size)) for (a, _), n in pairs.items())
    return surprise / max(len(text) - 1, 1)


@mistake(
    "bigram_cross_entropy",
    zh="最后一个字符与第一个接成了一对：文本不是环。",
    en="The last character is paired with the first: the text isn't a circle.",
)
def round_in_a_circle(text):
    return counted(text + text[:1])


@mistake("bigram_cross_entropy", zh="符号反了：惊讶从不小于 0。", en="The sign is wrong: surprise is never below 0.")
def negative_surprise(text):
    return -counted(text)


@mistake("bigram_cross_entropy", zh="结果被舍入了。", en="The result is rounded.")
def rounded_surprise(text):
    return round(counted(text), 4)


@mistake(
    "bigram_cross_entropy",
    zh="每个字符的熵同样重：要按它出现的次数加权。",
    en="Each character's entropy has the same weight: weigh it by how often the character comes first.",
)
def mean_over_characters(text):
    pairs, firsts = Counter(zip(text, text[1:], strict=False)), Counter(text[:-1])
    total = sum(n / firsts[a] * math.log(firsts[a] / n) for (a, _), n in pairs.items())
    return total / max(len(firsts), 1)


@mistake(
    "bigram_cross_entropy", zh="没有字符对时应返回 0，不是 `None`。", en="Without pairs it should return 0, not `None`."
)
def none_without_pairs(text):
    return counted(text) if len(text) > 1 else None


@mistake(
    "bigram_cross_entropy", zh="没有取对数：这是平均的概率。", en="There is no logarithm: that is the mean probability."
)
def mean_probability(text):
    pairs, firsts = Counter(zip(text, text[1:], strict=False)), Counter(text[:-1])
    return sum(n * n / firsts[a] for (a, _), n in pairs.items()) / max(len(text) - 1, 1)


@mistake("bigram_cross_entropy", zh="少了最后一对。", en="The last pair is missing.")
def last_pair_missing(text):
    return counted(text[:-1])


@mistake("bigram_cross_entropy", zh="少了第一对。", en="The first pair is missing.")
def first_pair_missing(text):
    return counted(text[1:])


@mistake("expectation", zh="结果被舍入了。", en="The result is rounded.")
def rounded_expectation(values, probs):
    return (values * probs).sum().round(decimals=2)


@mistake("expectation", zh="这是中位数，不是期望。", en="That is the median, not the expectation.")
def median_value(values, probs):
    return values[probs.cumsum(dim=0) >= 0.5][0]


@mistake("sample_gaussians", zh="两个均值调换了。", en="The two means have changed places.")
def means_swapped(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean.flip(0), std, rho, generator)


@mistake(
    "sample_gaussians",
    zh="不要给标准差开方：它已经是标准差。",
    en="No root: these are standard deviations already.",
)
def root_of_the_deviation(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std.sqrt(), rho, generator)


@mistake("sample_gaussians", zh="第一个权重是 `rho`，不是 `rho**2`。", en="The first weight is `rho`, not `rho**2`.")
def first_weight_squared(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, rho**2, math.sqrt(1 - rho**2))


@mistake("sample_gaussians", zh="第一个权重是 `rho`，不是 1。", en="The first weight is `rho`, not 1.")
def first_weight_one(n, mean, std, rho, generator):
    return drawn(n, mean, std, generator, 1.0, math.sqrt(1 - rho**2))


@mistake("sample_gaussians", zh="`n` 是 0 时应没有样本。", en="With `n` 0 there should be no samples.")
def one_sample_for_none(n, mean, std, rho, generator):
    return solutions.sample_gaussians(max(n, 1), mean, std, rho, generator)


@mistake(
    "sample_gaussians",
    zh="`squeeze` 去掉了只有一个样本时的那一维。",
    en="`squeeze` removes the axis of samples where there is only one.",
)
def single_sample_squeezed(n, mean, std, rho, generator):
    return solutions.sample_gaussians(n, mean, std, rho, generator).squeeze()


@mistake("sum_of_gaussians", zh="均值要相加，不是相乘。", en="Add the means, don't multiply them.")
def means_multiplied(mu1, sigma1, mu2, sigma2, rho):
    return mu1 * mu2, solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)[1]


@mistake(
    "sum_of_gaussians",
    zh="`rho` 是 0 时被当成了没有给：0 就是不相关。",
    en="A `rho` of 0 is taken for none: it means uncorrelated.",
)
def zero_rho_replaced(mu1, sigma1, mu2, sigma2, rho):
    return solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho or 1)


@mistake(
    "central_difference", zh="步长乘了 `x`：应就是 `h`。", en="The step is multiplied by `x`: it should be `h` itself."
)
def relative_step(f, x, h):
    return solutions.central_difference(f, x, h * x if x else h)


@mistake("central_difference", zh="应除以 `2h`，不是乘它。", en="Divide by `2h`, don't multiply by it.")
def times_the_distance(f, x, h):
    return (f(x + h) - f(x - h)) * 2 * h


@mistake("central_difference", zh="少了乘号：是 `2 * h`，不是 `2 + h`。", en="It is `2 * h`, not `2 + h`.")
def two_plus_h(f, x, h):
    return (f(x + h) - f(x - h)) / (2 + h)


@mistake("taylor_polynomial", zh="最多只算了三项：列表可以更长。", en="Three terms at most: the list may be longer.")
def three_terms_only(derivatives, a, x):
    return solutions.taylor_polynomial(derivatives[:3], a, x)


@mistake("taylor_polynomial", zh="`x - a` 不取绝对值。", en="No absolute value of `x - a`.")
def distance_for_difference(derivatives, a, x):
    return series(derivatives, (x - a).abs(), lambda k: 1 / math.factorial(k))


@mistake("taylor_polynomial", zh="结果被舍入了。", en="The result is rounded.")
def rounded_polynomial(derivatives, a, x):
    return solutions.taylor_polynomial(derivatives, a, x).round(decimals=3)


@mistake("mse_grad", zh="标签要减去，不是加上。", en="Subtract the label, don't add it.")
def label_added(x, y):
    return x + y


@mistake("mse_grad", zh="每个元素有自己的导数，不求平均。", en="Each element has its own derivative: no mean.")
def mean_derivative(x, y):
    return (x - y).mean()


@mistake("gradient_descent", zh="结果被舍入了。", en="The results are rounded.")
def rounded_path(x0, y, lr, steps):
    return torch.tensor([round(x, 4) for x in solutions.gradient_descent(x0, y, lr, steps).tolist()])


@mistake(
    "gradient_descent",
    zh="从 `y` 出发了：每一步从现在的 `x` 走。",
    en="The step starts at `y`: take it from the current `x`.",
)
def from_the_target(x0, y, lr, steps):
    path = [x0]
    for _ in range(steps):
        path.append(y - lr * (path[-1] - y))
    return torch.tensor(path)


@mistake("gradient_descent", zh="只记了步子，没有从 `x` 里减去。", en="Those are the steps: subtract them from `x`.")
def steps_noted(x0, y, lr, steps):
    path = [x0]
    for _ in range(steps):
        path.append(lr * (path[-1] - y))
    return torch.tensor(path)


@mistake("gradient_descent", zh="这一步带着动量：题目里没有。", en="These steps have momentum: here there is none.")
def with_momentum(x0, y, lr, steps):
    path, velocity = [x0], 0.0
    for _ in range(steps):
        velocity = 0.9 * velocity + path[-1] - y
        path.append(path[-1] - lr * velocity)
    return torch.tensor(path)


@mistake(
    "bce_grad",
    zh="预测被截断了：离 0 很近时导数就不对，它没有上界。",
    en="The predictions are clamped: near 0 that is wrong, because the derivative has no bound.",
)
def predictions_clamped_early(x, y):
    return solutions.bce_grad(x.clamp(1e-6, 1 - 1e-6), y)


@mistake(
    "bce_grad",
    zh="分母里加了一个很小的数：离 0 很近时导数就不对，它没有上界。",
    en="A small number is added to the denominators: near 0 that is wrong, because the derivative has no bound.",
)
def middling_number_below(x, y):
    return -y / (x + 1e-7) + (1 - y) / (1 - x + 1e-7)


@mistake("bce_grad", zh="丢了符号：导数可正可负。", en="The sign is lost: the derivative may be negative.")
def sign_of_bce_lost(x, y):
    return solutions.bce_grad(x, y).abs()


@mistake(
    "bce_logit_grad", zh="`z` 被截断了：两端应恰好是 0 或 ±1。", en="`z` is clamped: at the ends it should be 0 or ±1."
)
def logit_clamped(z, y):
    return z.clamp(-10, 10).sigmoid() - y


@mistake("bce_logit_grad", zh="对数不在这里：是 `σ(z)`，不是它的对数。", en="No logarithm here: it is `σ(z)` itself.")
def logarithm_of_the_sigmoid(z, y):
    return torch.nn.functional.logsigmoid(z) - y


@mistake("bce_with_logits", zh="`max(z, 0)` 写成了 `min(z, 0)`。", en="`min(z, 0)` stands where `max(z, 0)` should.")
def smaller_for_larger(z, y):
    return (z - z.abs()) / 2 - z * y + (-z.abs()).exp().log1p()


@mistake(
    "bce_with_logits",
    zh="指数不见了：是 `ln(1 + e^-|z|)`，不是 `ln(1 + |z|)`。",
    en="The exponential is missing: it is `ln(1 + e^-|z|)`, not `ln(1 + |z|)`.",
)
def exponential_missing(z, y):
    return (z + z.abs()) / 2 - z * y + z.abs().log1p()


@mistake("bce_with_logits", zh="这是比特：这里用自然对数。", en="Those are bits: here logarithms are natural.")
def loss_in_bits(z, y):
    return solutions.bce_with_logits(z, y) / math.log(2)


@mistake("entropy", zh="`p` 已经是概率了，不用再 `softmax`。", en="`p` is probabilities already: no `softmax`.")
def entropy_of_a_softmax(p):
    return solutions.entropy(p.softmax(dim=0))


@mistake("entropy", zh="`log1p(p)` 是 `ln(1 + p)`，这里要 `ln p`。", en="`log1p(p)` is `ln(1 + p)`: here it is `ln p`.")
def logarithm_of_one_plus_p(p):
    return -(p * torch.log1p(p)).sum()


@mistake(
    "cross_entropy", zh="不用再加上熵：`-Σ p ln q` 就是全部。", en="The entropy isn't added: `-Σ p ln q` is all of it."
)
def entropy_added_once_more(p, q):
    return solutions.cross_entropy(p, q) + solutions.entropy(p)


@mistake("cross_entropy", zh="以 10 为底：这里用自然对数。", en="That is to the base 10: here logarithms are natural.")
def cross_entropy_to_base_ten(p, q):
    return solutions.cross_entropy(p, q) / math.log(10)


@mistake(
    "kl_divergence",
    zh="没有用 `p` 加权：这是各个 `ln(p/q)` 之和。",
    en="Not weighted by `p`: that is the plain sum of `ln(p/q)`.",
)
def logarithms_summed(p, q):
    return (p / q).log().sum()


@mistake(
    "kl_divergence",
    zh="交叉熵的方向反了：是 `H(p, q) - H(p)`。",
    en="The cross-entropy is the wrong way round: it is `H(p, q) - H(p)`.",
)
def reversed_cross_entropy(p, q):
    return solutions.cross_entropy(q, p) - solutions.entropy(p)


@mistake(
    "kl_divergence",
    zh="`q` 被截断了：极小的 `q` 也要照实算。",
    en="`q` is clamped: a tiny `q` should count as it is.",
)
def tiny_belief_clamped(p, q):
    return solutions.kl_divergence(p, torch.where(q > 0, q.clamp(min=1e-20), q))


@mistake("perplexity", zh="取了对数：要取指数。", en="You took the logarithm: take the exponential.")
def logarithm_for_exponential(p, q):
    return solutions.cross_entropy(p, q).log()


@mistake(
    "perplexity",
    zh="用 e 为底，熵就要以奈特计，不能是比特。",
    en="With base e the entropy must be in nats, not in bits.",
)
def bits_to_the_base_e(p, q):
    return (solutions.cross_entropy(p, q) / math.log(2)).exp()


@mistake("bigram_cross_entropy", zh="数字也是字符：不要去掉。", en="Digits are characters too: don't remove them.")
def digits_removed(text):
    return counted("".join(c for c in text if not c.isdigit()))


@mistake("bigram_cross_entropy", zh="空格也是字符：不要去掉。", en="Spaces are characters too: don't remove them.")
def spaces_removed(text):
    return counted(text.replace(" ", ""))


@mistake("bigram_cross_entropy", zh="换行也是字符：不要去掉。", en="Line ends are characters too: don't remove them.")
def line_ends_removed(text):
    return counted(text.replace("\n", ""))


@mistake(
    "bigram_cross_entropy", zh="看了前两个字符：只看前一个。", en="That looks two characters back: it should be one."
)
def two_characters_back(text):
    return counted([text[i : i + 2] for i in range(len(text) - 1)])
