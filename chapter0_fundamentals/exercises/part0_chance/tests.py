"""One test per exercise of the second maths lesson; each is called from its cell, and collected by pytest."""

import itertools
import math

import numpy as np
import torch

from coach import case, close, holds, judged, without


def tensor(*values):
    return torch.tensor(values, dtype=torch.float32)


def distribution(k, seed):
    weights = torch.rand(k, generator=torch.Generator().manual_seed(seed)) + 0.05
    return weights / weights.sum()


@judged
def test_expectation(expectation):
    close(expectation(tensor(10, -2, 1), tensor(0.5, 0.3, 0.2)), torch.tensor(4.6))  # by hand
    for k in (5, 2, 8):
        values, probs = torch.linspace(-4, 5, k) ** 2 - 3, distribution(k, seed=k)
        pairs = zip(values.tolist(), probs.tolist(), strict=True)
        close(expectation(values, probs), torch.tensor(sum(v * p for v, p in pairs)))
    close(expectation(tensor(7), tensor(1)), torch.tensor(7.0))
    with case(zh="概率为 0 的值", en="a value of probability 0"):
        close(expectation(tensor(3, 100, 5), tensor(0.5, 0, 0.5)), torch.tensor(4.0))
    with case(zh="重复的值", en="a value that occurs twice"):
        close(expectation(tensor(3, 1, 3, 2), tensor(0.25, 0.25, 0.125, 0.375)), torch.tensor(2.125))


@judged
def test_standard_deviation(standard_deviation):
    close(standard_deviation(tensor(0, 10), tensor(0.9, 0.1)), torch.tensor(3.0))  # by hand
    values, probs = tensor(3, 1, -4, 1, 5), distribution(5, seed=1)
    pairs = list(zip(values.tolist(), probs.tolist(), strict=True))
    mean = sum(v * p for v, p in pairs)
    close(standard_deviation(values, probs), torch.tensor(math.sqrt(sum(p * (v - mean) ** 2 for v, p in pairs))))
    with case(zh="两个值相同", en="two equal values"):
        close(standard_deviation(tensor(4, 4), tensor(0.5, 0.5)), torch.tensor(0.0))
    with case(zh="很小的标准差", en="a tiny deviation"):
        close(standard_deviation(tensor(0, 2e-6), tensor(0.5, 0.5)), torch.tensor(1e-6), rtol=1e-3, atol=0)
    with case(zh="离 0 很远的值", en="values far from 0"):
        close(standard_deviation(tensor(9999, 10001), tensor(0.5, 0.5)), torch.tensor(1.0), rtol=1e-3)
        values, probs = tensor(10000, 10001, 10003), tensor(0.2, 0.5, 0.3)  # variance 1.24
        close(standard_deviation(values, probs), torch.tensor(math.sqrt(1.24)), rtol=1e-3)
    with case(zh="一个很远的值，概率是 0", en="a value far away, of probability 0"):
        values, probs = tensor(0, 10000, 10001, 10003), tensor(0, 0.2, 0.5, 0.3)  # variance 1.24, as before
        close(standard_deviation(values, probs), torch.tensor(math.sqrt(1.24)), rtol=1e-3)
        close(standard_deviation(-values.flip(0), probs.flip(0)), torch.tensor(math.sqrt(1.24)), rtol=1e-3)


def moments(samples):
    """Means, standard deviations and correlation, in float64."""
    x, y = samples.double().T
    return (
        [x.mean().item(), y.mean().item()],
        [x.std().item(), y.std().item()],
        (((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std())).item(),
    )


@judged
def test_sample_gaussians(sample_gaussians):
    mean, std, n = tensor(2, -1), tensor(0.5, 3), 20_000
    before = torch.random.get_rng_state()
    for rho in (0.0, 0.8, -0.6, 1.0, -1.0):
        samples = sample_gaussians(n, mean, std, rho, torch.Generator().manual_seed(1))
        means, stds, correlation = moments(samples)
        # within five standard errors, or more: sigma/sqrt(n) for a mean, sigma/sqrt(2n) for a deviation
        with case(zh="样本的均值", en="the means of the samples"):
            close(means, mean.tolist(), rtol=0, atol=5 * 3 / math.sqrt(n))
        with case(zh="样本的标准差", en="the standard deviations of the samples"):
            close(stds, std.tolist(), rtol=5 / math.sqrt(2 * n), atol=0)
        with case(zh="样本的相关系数", en="the correlation of the samples"):
            close(correlation, rho, rtol=0, atol=5 / math.sqrt(n))
        standard = (samples.double() - mean) / std
        zh = "没有一个样本在 3.3 个标准差之外：每一千个里就该有一个，不要截断"
        en = "no sample lies beyond 3.3 standard deviations: one in a thousand should, so cut nothing off"
        holds((standard.abs() > 3.3).any(dim=0).all(), zh=zh, en=en)
        tails = (standard.abs() > 1.96).double().mean().item()
        zh = "每一列都应是正态：约 5% 落在 1.96 个标准差之外"
        en = "each should be Gaussian: 5% lie beyond 1.96 standard deviations"
        holds(abs(tails - 0.05) < 0.008, zh=zh, en=en)
        # jointly Gaussian: for any rho, E[x²y²] = 1 + 2 rho², of a standard error of at most 10/sqrt(n)
        both = (standard**2).prod(dim=1).mean().item()
        zh, en = "两个变量各是正态，合起来却不是", "each of the two is Gaussian, but they are not so jointly"
        holds(abs(both - 1 - 2 * rho**2) < 50 / math.sqrt(n), zh=zh, en=en)
        x = standard[:, 0]
        if abs(rho) == 1:
            with case(
                zh="`rho` 是 ±1 时，两个变量只差符号和尺度", en="at `rho` ±1 the two differ by sign and scale only"
            ):
                close(standard[:, 1], rho * x, rtol=0, atol=1e-3)
        zh, en = "样本之间不独立", "the samples are not independent of one another"
        holds(abs((x[1:] * x[:-1]).mean().item()) < 5 / math.sqrt(n) and len(set(x.tolist())) > 0.99 * n, zh=zh, en=en)
    same = [sample_gaussians(4, mean, std, 0.3, torch.Generator().manual_seed(5)) for _ in range(2)]
    with case(zh="发生器的种子相同", en="generators of the same seed"):
        close(same[0], same[1])
    one = torch.Generator().manual_seed(6)
    first, second = (sample_gaussians(3, mean, std, 0.3, one) for _ in range(2))
    zh, en = "同一个发生器抽两次，样本一样：没有接着抽", "two draws from one generator are alike: go on drawing from it"
    holds(not torch.allclose(first, second), zh=zh, en=en)
    zh, en = "种子不同，样本一样", "two seeds give the same samples"
    holds(not torch.allclose(first, same[0][:3]), zh=zh, en=en)
    few = sample_gaussians(50, mean, std, 0.3, torch.Generator().manual_seed(7)).double()
    zh = "样本的均值恰好等于 `mean`：独立的样本总会偏一点"
    en = "the mean of the samples is exactly `mean`: with independent samples it is always a little off"
    holds((few.mean(dim=0) - mean).abs().max() > 1e-5, zh=zh, en=en)
    zh = "样本的标准差恰好等于 `std`：独立的样本总会偏一点"
    en = "the standard deviation of the samples is exactly `std`: with independent samples it is always a little off"
    holds((few.std(dim=0) / std - 1).abs().max() > 1e-5, zh=zh, en=en)
    close(tuple(sample_gaussians(1, mean, std, 0.3, torch.Generator()).shape), (1, 2))
    untouched = torch.equal(torch.random.get_rng_state(), before)
    holds(
        untouched,
        zh="随机数只能来自 `generator`，全局的随机状态被改动了",
        en="draw from `generator` alone: the global random state has changed",
    )
    close(sample_gaussians(0, mean, std, 0.3, torch.Generator()), torch.zeros(0, 2))


@judged
def test_sum_of_gaussians(sum_of_gaussians):
    close(sum_of_gaussians(1.0, 2.0, -4.0, 3.0, 0.5), (-3.0, 19.0))  # by hand
    close(sum_of_gaussians(1.0, 2.0, 5.0, 3.0, 0.0), (6.0, 13.0))  # uncorrelated
    close(sum_of_gaussians(1.0, 2.0, 5.0, 3.0, -1.0), (6.0, 1.0))  # (sigma1 - sigma2) squared, not 0
    close(sum_of_gaussians(1.0, 2.0, 5.0, 2.0, -1.0), (6.0, 0.0))  # the constant mu1 + mu2
    close(sum_of_gaussians(0.123, 0.45, -2.718, 1.37, 0.31), (-2.595, 2.46163), rtol=1e-7)
    close(sum_of_gaussians(0.0, 1e-3, 0.0, 1e-3, -1.0), (0.0, 0.0), atol=1e-9)
    generator = torch.Generator().manual_seed(2)
    x, z = torch.randn(2, 200_000, generator=generator, dtype=torch.float64)
    both = (0.5 + 1.5 * x) + (-2 + 0.7 * (-0.4 * x + math.sqrt(1 - 0.16) * z))
    mean, variance = sum_of_gaussians(0.5, 1.5, -2.0, 0.7, -0.4)
    close([mean, variance], [both.mean().item(), both.var().item()], rtol=0.02, atol=0.02)  # Monte Carlo: 5 errors


@judged
def test_central_difference(central_difference):
    close(central_difference(lambda x: 3 * x * x - x, 2.0, 0.5), 11.0)  # exact on parabolas, at any h
    close(central_difference(lambda x: x**5, 1.0, 0.5), 7.5625)  # by hand: 1.5 and 0.5 to the fifth
    close(central_difference(lambda x: x**3, 2.0, 0.5), 12.25)  # by hand: 2.5 and 1.5 cubed
    close(central_difference(abs, 0.0, 0.25), 0.0)
    with case(zh="很大的 `h`", en="a large `h`"):
        close(central_difference(lambda x: x**3, 2.0, 10.0), 112.0)  # 12 and -8 cubed
    with case(zh="很小的 `h`", en="a small `h`"):
        close(central_difference(lambda x: float(x > 5e-7), 0.0, 1e-6), 5e5)
    with case(zh="很小的斜率", en="a small slope"):
        close(central_difference(lambda x: 3e-9 * x, 1.0, 0.5), 3e-9, atol=0)
    for f, x, expected in ((math.exp, 0.3, math.exp(0.3)), (math.sin, -2.0, math.cos(2.0))):
        close(central_difference(f, x, 1e-4), expected, rtol=1e-6)
    errors = [abs(float(central_difference(math.sin, 1.0, h)) - math.cos(1)) for h in (0.1, 0.01)]
    slope = math.log10(errors[0] / errors[1]) if all(errors) else math.nan
    zh, en = (
        f"双对数图上的斜率应是 2，得到 {slope:.2f}",
        f"the slope on the log-log plot should be 2, it is {slope:.2f}",
    )
    holds(abs(slope - 2) < 0.05, zh=zh, en=en)


@judged
def test_taylor_polynomial(taylor_polynomial):
    x = tensor(-1, 0, 2, 3.5)
    close(taylor_polynomial([2.0, 3.0], 1.0, x), tensor(-4, -1, 5, 9.5))  # the tangent, by hand
    cubic = [v**3 - 2 * v for v in x.tolist()]
    close(taylor_polynomial([-4.0, 10.0, -12.0, 6.0], -2.0, x), tensor(*cubic))  # x³ - 2x about -2 is itself
    close(taylor_polynomial([1.0] * 15, 0.0, x), x.exp(), rtol=1e-3)
    close(taylor_polynomial([5.0], 1.0, x), tensor(5, 5, 5, 5))
    with case(zh="25 项", en="25 terms"):
        close(taylor_polynomial([1.0] * 25, 0.0, x), x.exp())
    with case(zh="只有第 21 阶导数不是 0", en="only the 21st derivative is not 0"):
        derivatives = [0.0] * 21 + [float(math.factorial(21))]
        close(taylor_polynomial(derivatives, 0.0, tensor(-1, 0.5, 1)), tensor(-1, 0.5**21, 1))
    with case(zh="导数里有 0", en="derivatives of 0"):
        close(taylor_polynomial([0.0, 1.0, 0.0, -1.0], 0.0, x), tensor(*[v - v**3 / 6 for v in x.tolist()]))
    with case(zh="很小的值", en="small values"):
        close(taylor_polynomial([1e-5, 3e-5], 0.0, x), tensor(-2e-5, 1e-5, 7e-5, 1.15e-4), atol=0)
    errors = []
    for far in (0.2, 0.1):
        derivatives = [math.log(2), 1 / 2, -1 / 4]
        got = taylor_polynomial(derivatives, 2.0, torch.tensor([2 + far], dtype=torch.float64))
        errors.append(abs(got.item() - math.log(2 + far)))
    order = math.log2(errors[0] / errors[1])
    zh, en = (
        f"二次多项式的误差应是三阶，得到 {order:.2f}",
        f"the error at degree 2 should be of order 3, it is {order:.2f}",
    )
    holds(abs(order - 3) < 0.15, zh=zh, en=en)


@judged
def test_chain_rule(chain_rule):
    first, second = torch.tensor([[1.0, 2], [0, 1]]), torch.tensor([[3.0, 0], [1, -1]])
    close(chain_rule([first, second]), torch.tensor([[3.0, 6], [1, 1]]))  # by hand
    generator = torch.Generator().manual_seed(3)
    W1, W2, W3 = (torch.randn(*shape, generator=generator) for shape in ((4, 3), (5, 4), (2, 5)))
    steps = [lambda v: (W1 @ v).tanh(), lambda v: (W2 @ v).sin(), lambda v: (W3 @ v) ** 2]
    x = torch.randn(3, generator=generator)
    expected = torch.autograd.functional.jacobian(lambda v: steps[2](steps[1](steps[0](v))), x)
    jacobians = []
    for step in steps:
        jacobians.append(torch.autograd.functional.jacobian(step, x))
        x = step(x)
    close(chain_rule(jacobians), expected)
    close(chain_rule([W1]), W1)
    sizes = itertools.pairwise((2, 4, 3, 6, 1, 5))
    jacobians = [torch.randn(out, inner, generator=generator) for inner, out in sizes]
    expected = np.linalg.multi_dot([J.double().numpy() for J in reversed(jacobians)])
    with case(zh="五个函数", en="five functions"):
        close(chain_rule(jacobians), torch.tensor(expected).float())


@judged
def test_mse_grad(mse_grad):
    close(mse_grad(tensor(3, 0.5, -2), tensor(1, 0.5, 4)), tensor(2, 0, -6))
    x, y = torch.linspace(-2, 3, 7).tolist(), torch.linspace(1, -1, 7).tolist()
    h = 1e-4
    slopes = [((a + h - b) ** 2 - (a - h - b) ** 2) / (4 * h) for a, b in zip(x, y, strict=True)]
    close(mse_grad(tensor(*x), tensor(*y)), tensor(*slopes))
    close(mse_grad(tensor(2.5), tensor(-1)), tensor(3.5))
    with case(zh="很大和很小的误差", en="large and small errors"):
        close(mse_grad(tensor(3000, -3000, 3e-6), tensor(-1, 2, 1e-6)), tensor(3001, -3002, 2e-6), atol=1e-8)


@judged
def test_gradient_descent(gradient_descent):
    close(gradient_descent(6.0, 2.0, 0.25, 2).float(), tensor(6, 5, 4.25))  # by hand
    for lr in (0.1, 1.0, 1.5, 2.0, 2.5):
        expected = tensor(*[-1 + (1 - lr) ** t * 4.5 for t in range(9)])
        close(gradient_descent(3.5, -1.0, lr, 8).float(), expected)
    with case(zh="`y` 是 0，离得很远或很近", en="with 0 as `y`, far away or very near"):
        close(gradient_descent(1e4, 0.0, 0.5, 3).float(), tensor(1e4, 5e3, 2500, 1250))
        close(gradient_descent(1e-3, 0.0, 0.5, 3).float(), tensor(1e-3, 5e-4, 2.5e-4, 1.25e-4), atol=0)
    with case(zh="从 0 出发", en="from 0"):
        close(gradient_descent(0.0, 2.0, 0.5, 2).float(), tensor(0, 1, 1.5))
    with case(zh="不走一步", en="no steps"):
        close(gradient_descent(3.5, -1.0, 0.1, 0).float(), tensor(3.5))
    with case(zh="从 `y` 出发", en="from `y` itself"):
        close(gradient_descent(3.0, 3.0, 0.3, 2).float(), tensor(3, 3, 3))


def bce_in_float64(x, y):
    return -(y * math.log(x) + (1 - y) * math.log(1 - x))


@judged
def test_bce_grad(bce_grad):
    close(bce_grad(tensor(0.5, 0.25), tensor(1, 0)), tensor(-2, 4 / 3))  # by hand
    x, y = tensor(0.1, 0.6, 0.95, 0.3), tensor(1, 0, 0.7, 0.2)
    h = 1e-5
    slopes = [
        (bce_in_float64(a + h, b) - bce_in_float64(a - h, b)) / (2 * h)
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    close(bce_grad(x, y), tensor(*slopes))
    close(bce_grad(tensor(1e-4, 0.3), tensor(1, 0.3)), tensor(-1e4, 0), rtol=1e-3)  # unbounded; and 0 where x = y
    with case(zh="离 0 或 1 极近的预测", en="predictions very near 0 or 1"):
        close(bce_grad(tensor(2**-30, 1 - 2**-20), tensor(1, 0)), tensor(-(2**30), 2**20), rtol=2e-3)


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


@judged
def test_bce_logit_grad(bce_logit_grad):
    close(bce_logit_grad(tensor(0, 0), tensor(1, 0)), tensor(-0.5, 0.5))
    z, y = tensor(-3, 0.7, 2, 1.1), tensor(0, 1, 0.3, 0)
    close(bce_logit_grad(z, y), tensor(*[sigmoid(a) - b for a, b in zip(z.tolist(), y.tolist(), strict=True)]))
    close(bce_logit_grad(tensor(200, -200, 200, -200), tensor(0, 1, 1, 0)), tensor(1, -1, 0, 0))


LOSSES = {"binary_cross_entropy", "binary_cross_entropy_with_logits", "multilabel_soft_margin_loss", "soft_margin_loss"}


@judged(gradients="z")
def test_bce_with_logits(bce_with_logits):
    z, y = tensor(-3, 0.7, 2, -1.1), tensor(1, 1, 0.3, 0)
    expected = [bce_in_float64(sigmoid(a), b) for a, b in zip(z.tolist(), y.tolist(), strict=True)]
    close(bce_with_logits(z, y), tensor(*expected))
    z, y = tensor(20, -20, 20, -20, 9), tensor(1, 0, 0, 1, 0.25)
    expected = [max(a, 0) - a * b + math.log1p(math.exp(-abs(a))) for a, b in zip(z.tolist(), y.tolist(), strict=True)]
    close(bce_with_logits(z, y), tensor(*expected), rtol=0, atol=9e-5)
    for size in (200, 1000):
        with case(zh=f"|z| = {size}", en=f"|z| = {size}"):
            z, y = tensor(size, -size, size, -size, size), tensor(0, 1, 1, 0, 0.5)
            close(bce_with_logits(z, y), tensor(size, size, 0, 0, size / 2), rtol=0, atol=1e-5 * size)
    z, y = torch.tensor([0.0, 0, 1, 200, -200, 1000, -3], requires_grad=True), tensor(1, 0.2, 0, 0, 1, 1, 0.3)
    expected = tensor(-0.5, 0.3, sigmoid(1), 1, -1, 0, sigmoid(-3) - 0.3)
    (gradient,) = torch.autograd.grad(bce_with_logits(z, y).sum(), z)
    with case(zh="对 `z` 的梯度", en="the gradient with respect to `z`"):
        close(gradient, expected, atol=1e-4)
    without(LOSSES, bce_with_logits, tensor(1, 2), tensor(0, 1))


def slow_cross_entropy(p, q):
    """Outcome by outcome, with 0 ln 0 = 0."""
    total = 0.0
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        if a > 0:
            total += math.inf if b == 0 else -a * math.log(b)
    return total


RARE = tensor(1 - 2**-20, 2**-20), tensor(1 - 2**-12, 2**-12)


@judged
def test_entropy(entropy):
    close(entropy(tensor(0.25, 0.25, 0.5)), torch.tensor(1.5 * math.log(2)))  # by hand
    p = distribution(6, seed=2)
    close(entropy(p), torch.tensor(slow_cross_entropy(p, p)))
    with case(zh="必然的事", en="certainty"):
        close(entropy(tensor(0, 1, 0)), torch.tensor(0.0))
    with case(zh="概率里有 0", en="a probability of 0"):
        close(entropy(tensor(0.5, 0, 0.5)), torch.tensor(math.log(2)))
        close(entropy(tensor(0.2, 0, 0.8, 0)), torch.tensor(-0.2 * math.log(0.2) - 0.8 * math.log(0.8)))
    close(entropy(torch.full((7,), 1 / 7)), torch.tensor(math.log(7)))
    with case(zh="一百万零一千件等可能的事", en="a million and a thousand equally likely outcomes"):
        close(entropy(torch.full((1_001_000,), 1 / 1_001_000)), torch.tensor(math.log(1_001_000)))
    with case(zh="许多小概率和许多 0", en="many small probabilities, and many zeros"):
        p = torch.cat([tensor(0.95), torch.full((250_000,), 2e-7), torch.zeros(50_000)])
        close(entropy(p), torch.tensor(-0.95 * math.log(0.95) - 0.05 * math.log(2e-7)), rtol=1e-4, atol=0)


@judged
def test_cross_entropy(cross_entropy):
    close(cross_entropy(tensor(0.75, 0.25), tensor(0.5, 0.5)), torch.tensor(math.log(2)))  # by hand
    p, q = distribution(5, seed=3), distribution(5, seed=4)
    close(cross_entropy(p, q), torch.tensor(slow_cross_entropy(p, q)))
    close(cross_entropy(p, torch.full((5,), 0.2)), torch.tensor(math.log(5)))  # the uniform guess, whatever p
    close(cross_entropy(p, p), torch.tensor(slow_cross_entropy(p, p)))
    with case(zh="`p` 里有 0", en="a 0 in `p`"):
        close(
            cross_entropy(tensor(0, 0.4, 0.6), tensor(0.5, 0.2, 0.3)),
            torch.tensor(-0.4 * math.log(0.2) - 0.6 * math.log(0.3)),
        )
    with case(zh="`p` 和 `q` 同一处都是 0", en="a 0 in both `p` and `q`"):
        close(cross_entropy(tensor(0.5, 0.5, 0), tensor(0.5, 0.5, 0)), torch.tensor(math.log(2)))  # 0 ln 0 in both
    with case(zh="`q` 是 0，而 `p` 不是", en="a 0 in `q` where `p` is none"):
        close(cross_entropy(tensor(0.5, 0.5), tensor(1, 0)), torch.tensor(math.inf))
        close(cross_entropy(tensor(0.1, 0, 0.9), tensor(0, 0, 1)), torch.tensor(math.inf))
        close(cross_entropy(tensor(1, 1e-10), tensor(1, 0)), torch.tensor(math.inf))
    with case(zh="极小的概率", en="tiny probabilities"):
        close(cross_entropy(*RARE), torch.tensor(slow_cross_entropy(*RARE)), rtol=1e-3, atol=0)
        close(cross_entropy(tensor(0.5, 0.5), tensor(1, 1e-30)), torch.tensor(15 * math.log(10)))


@judged
def test_kl_divergence(kl_divergence):
    close(kl_divergence(tensor(0.5, 0.5), tensor(0.25, 0.75)), torch.tensor(0.5 * math.log(4 / 3)))  # by hand
    for seed in range(3):
        p, q = distribution(4 + seed, seed), distribution(4 + seed, seed + 9)
        close(kl_divergence(p, q), torch.tensor(slow_cross_entropy(p, q) - slow_cross_entropy(p, p)))
    close(kl_divergence(p, p), torch.tensor(0.0))
    with case(zh="`p` 里有 0", en="a 0 in `p`"):
        close(kl_divergence(tensor(0, 1), tensor(0.5, 0.5)), torch.tensor(math.log(2)))
    with case(zh="`q` 是 0，而 `p` 不是", en="a 0 in `q` where `p` is none"):
        close(kl_divergence(tensor(0.5, 0.5), tensor(0, 1)), torch.tensor(math.inf))
        close(kl_divergence(tensor(0.1, 0, 0.9), tensor(0, 0, 1)), torch.tensor(math.inf))
        close(kl_divergence(tensor(1, 1e-10), tensor(1, 0)), torch.tensor(math.inf))
    with case(zh="极小的概率", en="tiny probabilities"):
        expected = slow_cross_entropy(*RARE) - slow_cross_entropy(RARE[0], RARE[0])
        close(kl_divergence(*RARE), torch.tensor(expected), rtol=1e-3, atol=0)
        close(kl_divergence(tensor(0.5, 0.5), tensor(1, 1e-30)), torch.tensor(15 * math.log(10) - math.log(2)))
    with case(zh="`p` 和 `q` 同一处都是 0", en="a 0 in both `p` and `q`"):
        close(kl_divergence(tensor(1, 0), tensor(1, 0)), torch.tensor(0.0))


@judged
def test_perplexity(perplexity):
    p, q = distribution(5, seed=6), distribution(5, seed=7)
    close(perplexity(p, q), torch.tensor(math.exp(slow_cross_entropy(p, q))))
    close(perplexity(p, torch.full((5,), 0.2)), torch.tensor(5.0))  # as if among five
    close(perplexity(tensor(1, 0), tensor(1, 0)), torch.tensor(1.0))
    close(perplexity(tensor(0.75, 0.25), tensor(0.5, 0.5)), torch.tensor(2.0))
    close(perplexity(tensor(0, 1), tensor(0.75, 0.25)), torch.tensor(4.0))
    with case(zh="`q` 是 0，而 `p` 不是", en="a 0 in `q` where `p` is none"):
        close(perplexity(tensor(0.5, 0.5), tensor(0, 1)), torch.tensor(math.inf))


def slow_bigram(text):
    """Pair by pair, counting anew each time."""
    pairs = list(itertools.pairwise(text))
    surprise = 0.0
    for a, b in pairs:
        after = [second for first, second in pairs if first == a]
        surprise -= math.log(after.count(b) / len(after))
    return surprise / len(pairs)


@judged
def test_bigram_cross_entropy(bigram_cross_entropy):
    close(
        bigram_cross_entropy("aabab"), (3 * math.log(3) - 2 * math.log(2)) / 4
    )  # by hand: after a, a once and b twice
    for text in ("abracadabra", "mississippi", "tomorrow and tomorrow", "aaabaaaa", "人人为我，我为人人", "a1b2a1c3a1"):
        close(bigram_cross_entropy(text), slow_bigram(text), rtol=1e-7)
    with case(zh="长一些的文本", en="a longer text"):
        close(bigram_cross_entropy("ab" * 300 + "ac" * 300), 600 * math.log(2) / 1199)
    with case(zh="大小写、空格、换行", en="capitals, spaces and line ends"):
        for text in ("Aa AA aAb\naBa", "  a  b a ", "To be, or not TO BE!"):
            close(bigram_cross_entropy(text), slow_bigram(text))
    close(bigram_cross_entropy("xyxyxyx"), 0.0)  # no doubt about what follows
    draws = torch.rand(1000, generator=torch.Generator().manual_seed(8)).tolist()
    coins = "".join("ab" if draw < 0.5 else "ac" for draw in draws)  # after a: b or c; after those: always a
    close(bigram_cross_entropy(coins), math.log(2) / 2, rtol=0, atol=2e-3)  # half of the characters are a coin's
    with case(zh="没有字符对", en="without pairs"):
        close(bigram_cross_entropy("x"), 0.0)
        close(bigram_cross_entropy(""), 0.0)
