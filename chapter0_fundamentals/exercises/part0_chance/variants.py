"""Right answers to the second maths lesson, written in other ways: the tests accept them all."""

import functools
import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import torch

from coach import variant
from part0_chance import solutions


@variant("expectation")
def by_dot(values, probs):
    return values @ probs


@variant("expectation")
def by_a_loop(values, probs):
    total = torch.zeros((), dtype=values.dtype)
    for value, prob in zip(values, probs, strict=True):
        total += value * prob
    return total


@variant("expectation")
def by_numpy_s_average(values, probs):
    return torch.tensor(np.average(values.numpy(), weights=probs.numpy()), dtype=values.dtype)


@variant("standard_deviation")
def by_cov(values, probs):
    mean = probs.dot(values)
    return torch.cov(values - mean, aweights=probs, correction=0).sqrt()


@variant("standard_deviation")
def shifted_by_the_likeliest(values, probs):
    away = values - values[probs.argmax()]
    return ((away**2 * probs).sum() - (away * probs).sum() ** 2).clamp(min=0).sqrt()


@variant("standard_deviation")
def in_python_numbers(values, probs):
    pairs = list(zip(values.tolist(), probs.tolist(), strict=True))
    mean = sum(v * p for v, p in pairs)
    return torch.tensor(math.sqrt(sum((v - mean) ** 2 * p for v, p in pairs)), dtype=values.dtype)


@variant("sample_gaussians")
def sample_by_sample(n, mean, std, rho, generator):
    samples = torch.empty(n, 2)
    for i in range(n):
        a, b = torch.randn(2, generator=generator)
        samples[i, 0] = mean[0] + std[0] * a
        samples[i, 1] = mean[1] + std[1] * (rho * a + (1 - rho**2) ** 0.5 * b)
    return samples


@variant("sample_gaussians")
def second_first(n, mean, std, rho, generator):
    first, second = torch.randn(2, n, generator=generator)
    y = mean[1] + std[1] * second
    x = mean[0] + std[0] * (rho * second + math.sqrt(1 - rho * rho) * first)
    return torch.column_stack([x, y])


@variant("sample_gaussians")
def by_eigenvectors(n, mean, std, rho, generator):
    values, vectors = torch.linalg.eigh(torch.tensor([[1.0, rho], [rho, 1.0]]))
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    return mean + std * (torch.empty(n, 2).normal_(generator=generator) @ root)


@variant("sum_of_gaussians")
def by_the_covariance_matrix(mu1, sigma1, mu2, sigma2, rho):
    covariance = rho * sigma1 * sigma2
    return sum((mu1, mu2)), float(np.array([[sigma1**2, covariance], [covariance, sigma2**2]]).sum())


@variant("sum_of_gaussians")
def tensors_without_axes(mu1, sigma1, mu2, sigma2, rho):
    mean, variance = solutions.sum_of_gaussians(mu1, sigma1, mu2, sigma2, rho)
    return [torch.tensor(mean), np.float64(variance)]


@variant("sum_of_gaussians")
def parallel_and_rest(mu1, sigma1, mu2, sigma2, rho):
    return mu1 + mu2, (sigma1 + rho * sigma2) ** 2 + (1 - rho**2) * sigma2**2


@variant("central_difference")
def mean_of_both_sides(f, x, h):
    return ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2


@variant("central_difference")
def as_a_tensor(f, x, h):
    x, h = torch.tensor(x, dtype=torch.float64), torch.tensor(h, dtype=torch.float64)
    return (f(x + h) - f(x - h)) / (2 * h)


@variant("central_difference")
def over_the_distance(f, x, h):
    before, after = x - h, x + h
    return (f(after) - f(before)) / (after - before)


@variant("taylor_polynomial")
def by_horner(derivatives, a, x):
    value = torch.zeros_like(x)
    for k in reversed(range(len(derivatives))):
        value = value * (x - a) / (k + 1) + derivatives[k]
    return value


@variant("taylor_polynomial")
def over_floats(derivatives, a, x):
    value = 0.0 * x
    for k, derivative in enumerate(derivatives):
        value += derivative * (x - a) ** k / float(math.factorial(k))
    return value


@variant("taylor_polynomial")
def term_from_term(derivatives, a, x):
    term, total = torch.ones_like(x), 0
    for k, derivative in enumerate(derivatives):
        total = total + derivative * term
        term = term * (x - a) / (k + 1)
    return total


@variant("taylor_polynomial")
def stacked_terms(derivatives, a, x):
    terms = [d / math.factorial(k) * (x - a) ** k for k, d in enumerate(derivatives)]
    return torch.stack(terms).sum(dim=0)


@variant("taylor_polynomial")
def point_by_point(derivatives, a, x):
    values = [sum(d * (v - a) ** k / math.gamma(k + 1) for k, d in enumerate(derivatives)) for v in x.tolist()]
    return torch.tensor(values, dtype=x.dtype)


@variant("chain_rule")
def from_the_input(jacobians):
    product = torch.eye(jacobians[0].shape[1], dtype=jacobians[0].dtype)
    for jacobian in jacobians:
        product = jacobian @ product
    return product


@variant("chain_rule")
def by_reduce(jacobians):
    return functools.reduce(torch.matmul, reversed(jacobians))


@variant("chain_rule")
def recursively(jacobians):
    *rest, last = jacobians
    return last.mm(recursively(rest)) if rest else last


@variant("mse_grad")
def minus_the_other(x, y):
    return -(y - x)


variant("mse_grad", torch.sub, name="torch_s_own")


@variant("mse_grad")
def by_autograd(x, y):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(((x - y) ** 2).sum() / 2, x)[0]


@variant("gradient_descent")
def closed_form(x0, y, lr, steps):
    return torch.tensor([y + (1 - lr) ** t * (x0 - y) for t in range(steps + 1)])


@variant("gradient_descent")
def into_an_empty_tensor(x0, y, lr, steps):
    path = torch.empty(steps + 1)
    path[0] = x0
    for t in range(steps):
        path[t + 1] = path[t] - lr * (path[t] - y)
    return path


@variant("gradient_descent")
def by_an_optimizer(x0, y, lr, steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    optimizer, path = torch.optim.SGD([x], lr=lr), [x.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        ((x - y) ** 2 / 2).backward()
        optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)


@variant("bce_grad")
def over_the_product(x, y):
    return (x - y) / (x * (1 - x))


@variant("bce_grad")
def by_autograd_of_the_loss(x, y):
    x = x.detach().clone().requires_grad_()
    loss = -(y * torch.log(x) + (1 - y) * torch.log(1 - x))
    loss.sum().backward()
    return x.grad


@variant("bce_logit_grad")
def by_tanh(z, y):
    return (1 + torch.tanh(z / 2)) / 2 - y


@variant("bce_logit_grad")
def by_exp(z, y):
    return 1 / (1 + torch.exp(-z)) - y


@variant("bce_logit_grad")
def by_autograd_of_torch_s_loss(z, y):
    z = z.clone().requires_grad_()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="sum")
    return torch.autograd.grad(loss, z)[0]


@variant("bce_with_logits")
def as_the_hints_say(z, y):
    return (z + z.abs()) / 2 + torch.log1p(torch.exp(-z.abs())) - z * y


@variant("bce_with_logits")
def by_maximum(z, y):
    return torch.maximum(z, torch.zeros_like(z)) + torch.log1p(torch.exp(-z.abs())) - z * y


@variant("bce_with_logits")
def plain_log(z, y):
    return torch.log(1 + torch.exp(-z.abs())) + (z + z.abs()) / 2 - z * y


@variant("bce_with_logits")
def by_softplus(z, y):
    return torch.nn.functional.softplus(z) - z * y


@variant("bce_with_logits")
def by_logaddexp(z, y):
    return torch.logaddexp(z, torch.zeros_like(z)) - z * y


@variant("bce_with_logits")
def by_logsumexp(z, y):
    return torch.logsumexp(torch.stack([torch.zeros_like(z), z]), dim=0) - y * z


@variant("bce_with_logits")
def by_logsigmoid(z, y):
    log = torch.nn.functional.logsigmoid
    return -y * log(z) - (1 - y) * log(-z)


@variant("bce_with_logits")
def by_two_branches(z, y):
    small = torch.where(z > 0, -z, z)
    return torch.where(z > 0, z * (1 - y), -z * y) + torch.log1p(torch.exp(small))


@variant("entropy")
def by_where(p):
    return torch.where(p > 0, -p * torch.where(p > 0, p, 1.0).log(), 0.0).sum()


@variant("entropy")
def by_mask(p):
    some = p[p > 0]
    return -(some * some.log()).sum()


@variant("entropy")
def by_entr(p):
    return torch.special.entr(p).sum()


@variant("entropy")
def in_a_loop(p):
    return torch.tensor(sum(-v * math.log(v) for v in p.tolist() if v > 0), dtype=p.dtype)


@variant("cross_entropy")
def masked(p, q):
    return -(p[p > 0] * q[p > 0].log()).sum()


@variant("cross_entropy")
def nan_for_nothing(p, q):
    return torch.nan_to_num(-p * torch.log(q), nan=0.0, posinf=math.inf).sum()


@variant("cross_entropy")
def outcome_by_outcome(p, q):
    surprise = [0.0 if a == 0 else math.inf if b == 0 else -a * math.log(b) for a, b in zip(p, q, strict=True)]
    return torch.tensor(sum(float(s) for s in surprise), dtype=p.dtype)


@variant("kl_divergence")
def by_the_ratio(p, q):
    there = p > 0
    return (p[there] * (p[there] / q[there]).log()).sum()


@variant("kl_divergence")
def by_xlogy(p, q):
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum()


@variant("kl_divergence")
def by_torch_s_own(p, q):
    return torch.nn.functional.kl_div(q[p > 0].log(), p[p > 0], reduction="sum")


@variant("kl_divergence")
def by_torch_s_own_without_nan(p, q):
    return torch.nn.functional.kl_div(q.log(), p, reduction="none").nansum()


@variant("perplexity")
def by_powers(p, q):
    return (q**-p).prod()


@variant("perplexity")
def by_math(p, q):
    return torch.tensor(math.exp(float(solutions.cross_entropy(p, q))), dtype=p.dtype)


@variant("bigram_cross_entropy")
def by_nested_counts(text):
    followers = defaultdict(Counter)
    for a, b in itertools.pairwise(text):
        followers[a][b] += 1
    if len(text) < 2:
        return 0.0
    surprise = 0.0
    for counts in followers.values():
        surprise -= sum(n * math.log(n / counts.total()) for n in counts.values())
    return surprise / (len(text) - 1)


@variant("bigram_cross_entropy")
def an_int_for_nothing(text):
    return solutions.bigram_cross_entropy(text) if len(text) > 1 else 0


variant("bigram_cross_entropy", functools.cache(an_int_for_nothing), name="cached")


@variant("bigram_cross_entropy")
def as_a_difference_of_entropies(text):
    def entropy(counts):
        return -sum(n / counts.total() * math.log(n / counts.total()) for n in counts.values())

    pairs, firsts = Counter(itertools.pairwise(text)), Counter(text[:-1])
    return float(entropy(pairs) - entropy(firsts))


@variant("bigram_cross_entropy")
def by_a_matrix(text):
    characters = sorted(set(text))
    counts = torch.zeros(len(characters), len(characters), dtype=torch.float64)
    for i in range(len(text) - 1):
        counts[characters.index(text[i]), characters.index(text[i + 1])] += 1
    if not counts.any():
        return 0.0
    q = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    return -(torch.xlogy(counts, q).sum() / counts.sum()).item()


@variant("bigram_cross_entropy")
def pair_by_pair(text):
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    if not pairs:
        return 0.0
    firsts = [pair[0] for pair in pairs]
    return sum(-math.log(pairs.count(pair) / firsts.count(pair[0])) for pair in pairs) / len(pairs)
