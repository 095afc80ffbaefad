"""One test per exercise of the last lesson; each is called from its cell, and collected by pytest.

What is expected comes from slow loops in float64, from difference quotients, from `torch.nn`'s own transformer layer, or
from numbers that can be checked by hand.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from coach import case, close, holds, judged
from coach.judging.compare import OBSERVERS

MILD: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Normal random numbers, the same each time."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def some_tokens(*shape: int, n_vocab: int, seed: int = 0) -> Tensor:
    """Random tokens, the same each time."""
    return torch.randint(n_vocab, shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def softmaxed(scores: np.ndarray) -> np.ndarray:
    exp = np.exp(scores - scores.max())
    return exp / exp.sum()


def apart(got: Any) -> None:
    """What is returned isn't part of a graph."""
    wants = bool(getattr(got, "requires_grad", False))
    holds(not wants, zh="结果还连着计算图", en="the result is still part of a graph")


def left_alone(given: Tensor) -> None:
    """No gradient has been put into `given`, a tensor without one."""
    zh, en = "调用给传入的张量留下了 `.grad`", "the call leaves a `.grad` in a tensor that was passed in"
    holds(given.grad is None, zh=zh, en=en)


# A transformer without layers


def surprises(logits: Tensor, tokens: Tensor) -> Tensor:
    """The loss at each position, one by one, in float64."""
    rows = [
        [-math.log(softmaxed(logits[b, i].double().numpy())[tokens[b, i + 1]]) for i in range(tokens.shape[1] - 1)]
        for b in range(len(tokens))
    ]
    return torch.tensor(rows, dtype=logits.dtype).reshape(len(tokens), tokens.shape[1] - 1)


@judged(gradients="logits")
def test_next_token_loss(next_token_loss):
    tokens, logits = some_tokens(3, 5, n_vocab=7), 2 * noise(3, 5, 7)
    close(next_token_loss(logits, tokens), surprises(logits, tokens), **MILD)
    by_hand = torch.tensor([[[0, 0], [0, math.log(3)], [5, -5]]])
    close(next_token_loss(by_hand, torch.tensor([[0, 1, 1]])), torch.tensor([[0.693147, 0.287682]]), **MILD)
    with case(zh="只有一行两个词元", en="on one row of two tokens"):
        tokens, logits = torch.tensor([[2, 0]]), noise(1, 2, 3)
        close(next_token_loss(logits, tokens), surprises(logits, tokens), **MILD)
    with case(zh="`seq` 是 1", en="with a `seq` of 1"):
        close(next_token_loss(noise(2, 1, 3), some_tokens(2, 1, n_vocab=3)), torch.zeros(2, 0))
    with case(zh="logits 上千", en="on logits in the thousands"):
        logits, tokens = 3000 * noise(2, 4, 3), some_tokens(2, 4, n_vocab=3, seed=1)
        log_probs = logits.double().log_softmax(-1)
        far = [[-float(log_probs[b, i, tokens[b, i + 1]]) for i in range(3)] for b in range(2)]
        close(next_token_loss(logits, tokens), torch.tensor(far), rtol=1e-4, atol=1e-2)


def counted(tokens: Tensor, n_vocab: int, smoothing: float) -> Tensor:
    """The table of a bigram model, pair by pair."""
    counts = np.full((n_vocab, n_vocab), float(smoothing))
    for row in tokens.tolist():
        for i in range(len(row) - 1):
            counts[row[i], row[i + 1]] += 1
    return torch.tensor(np.log(counts / counts.sum(axis=1, keepdims=True)), dtype=torch.float32)


@judged
def test_bigram_log_probs(bigram_log_probs):
    by_hand = torch.tensor([[1.0, 3, 2], [3, 1, 1], [1, 1, 1]])
    by_hand = (by_hand / by_hand.sum(dim=1, keepdim=True)).log()
    close(bigram_log_probs(torch.tensor([[0, 1, 0, 1, 0, 2]]), 3), by_hand, **MILD)
    for shape, n_vocab, smoothing in (((3, 6), 5, 0.1), ((4, 9), 3, 2.5), ((2, 7), 6, 1)):
        tokens = some_tokens(*shape, n_vocab=n_vocab - 1)  # the last token never occurs
        close(bigram_log_probs(tokens, n_vocab, smoothing), counted(tokens, n_vocab, smoothing), **MILD)
    with case(zh="`seq` 是 1", en="with a `seq` of 1"):
        tokens = torch.tensor([[1], [0]])
        close(bigram_log_probs(tokens, 3, 0.5), torch.full((3, 3), -math.log(3)), **MILD)
    with case(zh="很小的平滑", en="with a very small smoothing"):
        tokens = torch.tensor([[0, 1, 1, 0, 1]])
        close(bigram_log_probs(tokens, 2, smoothing=1e-6), counted(tokens, 2, 1e-6), rtol=1e-3, atol=1e-5)


# A head and its circuits


def looked(x: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """For each position the sum of the rows of x, weighted by the softmax of its scores so far."""
    return np.stack([softmaxed(scores[i, : i + 1]) @ x[: i + 1] for i in range(len(x))])


def each(function: Any, *arrays: Tensor) -> Tensor:
    """`function` on the last two axes of NumPy arrays in float64, for each index of the axes in front."""
    lead = arrays[0].shape[:-2]
    flat = [a.double().reshape(-1, *a.shape[-2:]).numpy() for a in arrays]
    found = np.stack([function(*rows) for rows in zip(*flat, strict=True)])
    return torch.tensor(found.reshape(*lead, *found.shape[1:]), dtype=arrays[0].dtype)


def weights_of(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    return looked(np.eye(len(q)), q @ k.T / math.sqrt(q.shape[1]))


@judged(gradients="q k")
def test_attention_pattern(attention_pattern):
    for shape in ((2, 3, 5, 4), (6, 9), (3, 4, 2)):
        q, k = noise(*shape), noise(*shape, seed=1)
        close(attention_pattern(q, k), each(weights_of, q, k), **MILD)
    keys = torch.tensor([[0.0], [math.log(2)], [math.log(5)]])
    by_hand = torch.tensor([[1, 0, 0], [1 / 3, 2 / 3, 0], [1 / 8, 2 / 8, 5 / 8]])
    close(attention_pattern(torch.ones(3, 1), keys), by_hand, **MILD)
    with case(zh="`seq` 是 1", en="with a `seq` of 1"):
        close(attention_pattern(noise(2, 1, 3), noise(2, 1, 3, seed=1)), torch.ones(2, 1, 1), **MILD)
    with case(zh="分数上千", en="on scores in the thousands"):
        q, k = 70 * noise(2, 5, 4), 70 * noise(2, 5, 4, seed=1)
        close(attention_pattern(q, k), each(weights_of, q, k), rtol=1e-2, atol=1e-3)
    with case(zh="看得见的分数都是负几千", en="where all scores that are seen are in the negative thousands"):
        q, k = torch.full((4, 1), 50.0), torch.tensor([[-40.0], [-70], [-40], [-90]])
        close(attention_pattern(q, k), each(weights_of, q, k), **MILD)
    with case(zh="`src > pos` 的权重", en="weights with `src > pos`"):
        later = attention_pattern(noise(5, 3), noise(5, 3, seed=1)).triu(1)
        close(later, torch.zeros(5, 5))


@judged(gradients="x W_Q W_K W_V W_O")
def test_attention_head(attention_head):
    def added(x, W_Q, W_K, W_V, W_O):
        return looked(x @ W_V, (x @ W_Q) @ (x @ W_K).T / math.sqrt(W_Q.shape[1])) @ W_O

    for lead, seq, d_model, d_head in (((2,), 5, 6, 4), ((), 7, 3, 9), ((2, 3), 4, 5, 2)):
        x, W_O = noise(*lead, seq, d_model), noise(d_head, d_model, seed=4)
        W_Q, W_K, W_V = (noise(d_model, d_head, seed=i) for i in (1, 2, 3))
        matrices = [m.double().numpy() for m in (W_Q, W_K, W_V, W_O)]
        close(attention_head(x, W_Q, W_K, W_V, W_O), each(lambda x, m=matrices: added(x, *m), x), **MILD)
    with case(zh="$W_Q = 0$", en="with $W_Q = 0$"):
        values, one = torch.tensor([[8.0], [4], [0]]), torch.ones(1, 1)
        close(attention_head(values, 0 * one, one, 2 * one, -one), torch.tensor([[-16.0], [-12], [-8]]), **MILD)
    with case(zh="分数上千", en="on scores in the thousands"):
        x, two = torch.tensor([[40.0, -1], [90, 2], [50, 3]]), torch.eye(2)
        for sign, by_hand in ((-1, [40.0, 40, 40]), (1, [40.0, 90, 90])):  # the smallest wins, or the largest
            expected = torch.tensor(by_hand)[:, None] * two[0]
            got = attention_head(x, two[:, :1], sign * two[:, :1], two[:, :1], two[:1])
            close(got, expected, rtol=1e-2, atol=1e-3)


@judged
def test_circuits(circuits):
    for d_model, d_head in ((5, 3), (4, 2), (2, 7)):
        W_Q, W_K, W_V = (noise(d_model, d_head, seed=i) for i in (1, 2, 3))
        W_O = noise(d_head, d_model, seed=4)
        places = [(i, j) for i in range(d_model) for j in range(d_model)]
        QK = [sum(float(W_Q[i, h] * W_K[j, h]) for h in range(d_head)) / math.sqrt(d_head) for i, j in places]
        OV = [sum(float(W_V[i, h] * W_O[h, j]) for h in range(d_head)) for i, j in places]
        expected = tuple(torch.tensor(c).reshape(d_model, d_model) for c in (QK, OV))
        close(circuits(W_Q, W_K, W_V, W_O), expected, **MILD)
    with case(zh="求梯度时", en="taking gradients"):
        given = [noise(*shape, seed=i).requires_grad_() for i, shape in enumerate([(4, 3)] * 3 + [(3, 4)])]
        upstream = noise(4, 4, seed=5), noise(4, 4, seed=6)
        QK, OV = circuits(*given)
        wants = bool(QK.requires_grad and OV.requires_grad)
        holds(wants, zh="结果不再与输入相连，没有梯度", en="the result is cut off from its inputs: no gradient")
        if wants:
            ((upstream[0] * QK).sum() + (upstream[1] * OV).sum()).backward()
            W_Q, W_K, W_V, W_O = (m.detach() for m in given)
            by_rule = upstream[0] @ W_K / 3**0.5, upstream[0].T @ W_Q / 3**0.5, upstream[1] @ W_O.T, W_V.T @ upstream[1]
            close([m.grad for m in given], list(by_rule), **MILD)
    by_hand = [torch.tensor(m) for m in ([[1.0], [2]], [[3.0], [0]], [[1.0], [1]], [[2.0, -1]])]
    close(circuits(*by_hand), (torch.tensor([[3.0, 0], [6, 0]]), torch.tensor([[2.0, -1], [2, -1]])), **MILD)


@judged(gradients="x QK OV")
def test_circuit_head(circuit_head):
    for lead, seq, d_model in (((2,), 5, 4), ((), 6, 3), ((2, 3), 3, 5)):
        x, QK, OV = noise(*lead, seq, d_model), noise(d_model, d_model, seed=1), noise(d_model, d_model, seed=2)
        look, carry = QK.double().numpy(), OV.double().numpy()
        close(circuit_head(x, QK, OV), each(lambda x, a=look, b=carry: looked(x, x @ a @ x.T) @ b, x), **MILD)
    with case(zh="QK 全是 0", en="where QK is all 0"):
        x = torch.tensor([[6.0, 1], [0, 3], [3, -1]])
        close(circuit_head(x, torch.zeros(2, 2), torch.eye(2)), torch.tensor([[6.0, 1], [3, 2], [3, 1]]), **MILD)
    with case(zh="分数上千", en="on scores in the thousands"):
        x, QK, OV = 30 * noise(5, 3), 9 * noise(3, 3, seed=1), noise(3, 3, seed=2)
        look, carry = QK.double().numpy(), OV.double().numpy()
        expected = each(lambda x: looked(x, x @ look @ x.T) @ carry, x)
        close(circuit_head(x, QK, OV), expected, rtol=1e-2, atol=1e-2)
        x = torch.tensor([[40.0, -1], [60, 2], [50, 3]])
        by_hand = torch.tensor([[40.0, -1], [40, -1], [40, -1]])
        close(circuit_head(x, torch.diag(torch.tensor([-1.0, 0])), torch.eye(2)), by_hand, rtol=1e-2, atol=1e-3)


# Induction heads

SIZES = (1, 2, 5.0), (3, 4, 7.5), (4, 3, 20.0), (2, 1, 3.0), (5, 6, 0.5)


@judged
def test_previous_token_circuits(previous_token_circuits):
    for n_vocab, n_ctx, strength in SIZES:
        QK, OV = torch.zeros(2, 3 * n_vocab + n_ctx, 3 * n_vocab + n_ctx)
        for p in range(1, n_ctx):
            QK[3 * n_vocab + p, 3 * n_vocab + p - 1] = strength
        for t in range(n_vocab):
            OV[t, n_vocab + t] = 1
        close(previous_token_circuits(n_vocab, n_ctx, strength), (QK, OV))


@judged
def test_induction_circuits(induction_circuits):
    for n_vocab, n_ctx, strength in SIZES:
        QK, OV = torch.zeros(2, 3 * n_vocab + n_ctx, 3 * n_vocab + n_ctx)
        for t in range(n_vocab):
            QK[t, n_vocab + t] = strength
            QK[t, 0] = strength / 2
            OV[t, 2 * n_vocab + t] = float(t > 0)
        close(induction_circuits(n_vocab, n_ctx, strength), (QK, OV))


# Learning from rewards


@judged
def test_reward_gradient(reward_gradient):
    def reward(logits: np.ndarray, means: Tensor) -> float:
        return float(softmaxed(logits) @ means.double().numpy())

    for arms in (2, 4, 5):
        logits, means, h = noise(arms), 3 + 2 * noise(arms, seed=1), 1e-5
        at = logits.double().numpy()
        steps = h * np.eye(arms)
        slopes = [(reward(at + step, means) - reward(at - step, means)) / (2 * h) for step in steps]
        close(reward_gradient(logits, means), torch.tensor(slopes, dtype=torch.float32), **MILD)
    by_hand = torch.tensor([0.75, -0.75])
    close(reward_gradient(torch.tensor([0, math.log(3)]), torch.tensor([4.0, 0])), by_hand, **MILD)
    with case(zh="logits 上千", en="on logits in the thousands"):
        logits = torch.tensor([3000.0, 3000 + math.log(3), -2000])
        got = reward_gradient(logits, torch.tensor([4.0, 0, 1]))
        close(got, torch.tensor([0.75, -0.75, 0]), rtol=1e-2, atol=1e-3)
    with case(zh="logits 需要梯度时", en="where the logits want gradients"):
        logits = torch.tensor([0, math.log(3)]).requires_grad_()
        got = reward_gradient(logits, torch.tensor([4.0, 0]))
        apart(got)
        close(got.detach() if isinstance(got, Tensor) else got, by_hand, **MILD)
        left_alone(logits)


def estimated(logits: Tensor, actions: Tensor, rewards: Tensor, baseline: float) -> Tensor:
    """REINFORCE, sample by sample."""
    p, total = softmaxed(logits.double().numpy()), np.zeros(len(logits))
    for action, reward in zip(actions.tolist(), rewards.tolist(), strict=True):
        for arm in range(len(logits)):
            total[arm] += (reward - baseline) * ((arm == action) - p[arm])
    return torch.tensor(total / len(actions), dtype=logits.dtype)


@judged
def test_reinforce_gradient(reinforce_gradient):
    for arms, batch, baseline in ((4, 7, 0.0), (3, 10, 1.5), (5, 1, -2.0), (2, 3, 0.25)):
        logits, rewards = noise(arms), 2 + 3 * noise(batch, seed=1)
        actions = some_tokens(batch, n_vocab=arms)
        expected = estimated(logits, actions, rewards, baseline)
        close(reinforce_gradient(logits.clone(), actions, rewards, baseline), expected, **MILD)
        if baseline == 0:
            close(reinforce_gradient(logits.clone(), actions, rewards), expected, **MILD)
    logits, actions = torch.tensor([0, math.log(3)]), torch.tensor([0, 1, 1, 1])
    rewards, by_hand = torch.tensor([4.0, 0, 0, 0]), torch.tensor([0.75, -0.75])
    close(reinforce_gradient(logits.clone(), actions, rewards, baseline=1.0), by_hand, **MILD)
    with case(zh="logits 上千", en="on logits in the thousands"):
        got = reinforce_gradient(3000 + logits, actions, rewards)
        close(got, by_hand, rtol=1e-2, atol=1e-3)
    with case(zh="logits 需要梯度时", en="where the logits want gradients"):
        wanting = logits.detach().clone().requires_grad_()
        got = reinforce_gradient(wanting, actions, rewards)
        apart(got)
        close(got.detach() if isinstance(got, Tensor) else got, by_hand, **MILD)
        left_alone(wanting)
    logits, rewards = noise(3), noise(6, seed=1)
    actions = some_tokens(6, n_vocab=3)
    with case(zh="logits 是 float32，奖励是 float64 时", en="where the logits are float32 and the rewards float64"):
        expected = estimated(logits, actions, rewards, 0)
        close(reinforce_gradient(logits.clone(), actions, rewards.double()), expected, **MILD)
    with case(zh="logits 是 float64，奖励是 float32 时", en="where the logits are float64 and the rewards float32"):
        expected = estimated(logits.double(), actions, rewards, 0)
        close(reinforce_gradient(logits.double(), actions, rewards), expected, **MILD)


# What a state is worth


def swept(transitions: Tensor, rewards: Tensor, gamma: float) -> Tensor:
    """The values by sweeps, in float64."""
    P, r, v = transitions.double().numpy(), rewards.double().numpy(), np.zeros(len(rewards))
    for _ in range(5000):
        v = r + gamma * P @ v
    return torch.tensor(v, dtype=rewards.dtype)


@judged
def test_policy_values(policy_values):
    loose: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-3}
    corridor, cost = torch.tensor([[0, 0, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]), torch.tensor([0, -1.0, -1])
    close(policy_values(corridor, cost), torch.tensor([0, -4.0, -6]), **loose)
    for n, gamma in ((5, 1.0), (7, 0.9), (4, 0.5), (3, 0.0)):
        P = (2 * noise(n, n)).softmax(dim=1)
        rewards = noise(n, seed=1)
        P[n // 2], rewards[n // 2] = 0, 0  # a state that ends everything
        rewards[0] = 0  # and one that goes on
        expected = swept(P, rewards, gamma)
        close(policy_values(P, rewards, gamma), expected, **loose)
    with case(zh="永远走不到头，打折", en="without an end, discounted"):
        close(policy_values(torch.tensor([[0, 1.0], [1, 0]]), torch.tensor([3.0, -1]), 0.5), swept_two(), **loose)
    with case(zh="只有一个结束的状态", en="on a single state, the end"):
        close(policy_values(torch.zeros(1, 1), torch.zeros(1), 0.9), torch.zeros(1))
    with case(zh="二十格长的走廊", en="on a corridor of twenty cells"):
        n = 20
        P, cost = torch.zeros(n + 1, n + 1), torch.full((n + 1,), -1.0)
        cost[0] = 0
        for cell in range(1, n + 1):
            P[cell, cell - 1] = 0.5
            P[cell, min(cell + 1, n)] += 0.5
        far = torch.arange(n + 1.0)
        close(policy_values(P, cost), far * (far - 2 * n - 1), **loose)
    with case(zh="4×4 的格子", en="on the grid of 4×4"):
        grid = torch.tensor([[0.0, -14, -20, -22], [-14, -18, -20, -20], [-20, -20, -18, -14], [-22, -20, -14, 0]])
        close(policy_values(*wandering()), grid.flatten(), **loose)


def swept_two() -> Tensor:
    """Two states that lead to each other, by hand: v = 3 + w/2 and w = -1 + v/2."""
    return torch.tensor([10 / 3, 2 / 3])


def wandering() -> tuple[Tensor, Tensor]:
    """The random policy on the grid, and its cost."""
    P, cost = torch.zeros(16, 16), torch.full((16,), -1.0)
    cost[[0, 15]] = 0
    for state in range(1, 15):
        row, col = divmod(state, 4)
        for there in ((row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)):
            inside = 0 <= there[0] < 4 and 0 <= there[1] < 4
            P[state, 4 * there[0] + there[1] if inside else state] += 0.25
    return P, cost


# Where a concept lives


def fitted(acts: Tensor, positive: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The sparse probe in float64, by NumPy."""
    a, yes = acts.double().numpy(), positive.numpy()
    scores = [
        abs(c[yes].mean() - c[~yes].mean()) / c.std() if c.std() > 1e-9 else 0.0 for c in np.ascontiguousarray(a.T)
    ]
    kept = np.argsort(scores)[::-1][:k]
    columns = np.column_stack([a[:, kept], np.ones(len(a))])
    solution = np.linalg.lstsq(columns, np.where(yes, 1.0, -1.0), rcond=None)[0]
    weight = np.zeros(a.shape[1])
    weight[kept] = solution[:-1]
    return torch.tensor(weight, dtype=acts.dtype), torch.tensor(solution[-1], dtype=acts.dtype)


def examples(n: int, channels: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Activations whose channels differ in scale and in how well they tell the groups apart; a quarter is positive."""
    positive = torch.arange(n) % 4 == 1
    gaps = torch.linspace(-2.2, 2.5, channels).roll(seed)
    acts = noise(n, channels, seed=seed) + gaps * positive[:, None]
    return acts * torch.linspace(0.2, 5, channels).flip(0) + noise(channels, seed=seed + 1), positive


@judged
def test_sparse_probe(sparse_probe):
    loose: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-4}
    acts, positive = torch.tensor([[4.0], [6], [1], [3]]), torch.tensor([True, True, False, False])
    close(sparse_probe(acts, positive, 1), (torch.tensor([6 / 13]), torch.tensor(-21 / 13)), **loose)
    for n, channels, k in ((40, 6, 2), (60, 9, 1), (50, 5, 5), (44, 8, 3)):
        acts, positive = examples(n, channels, seed=k)
        close(sparse_probe(acts, positive, k), fitted(acts, positive, k), **loose)
    with case(zh="有不变的通道", en="with channels that never change"):
        acts, positive = examples(32, 5)
        acts[:, 1], acts[:, 3] = 0, 2
        close(sparse_probe(acts, positive, 2), fitted(acts, positive, 2), **loose)
    with case(zh="离 0 很远的通道", en="with channels far from 0"):
        acts, positive = examples(48, 4, seed=2)
        acts = acts + torch.tensor([500.0, -300, 0, 1000])
        close(sparse_probe(acts, positive, 3), fitted(acts, positive, 3), rtol=1e-2, atol=1e-3)
    with case(zh="大小相差很多的通道", en="with channels on very different scales"):
        acts, positive = examples(36, 5, seed=9)
        acts = acts + noise(36, 5, seed=16) * positive[:, None] * torch.tensor([4.0, 0, 3, 0, 1])
        acts = acts * torch.tensor([0.02, 0.005, 10, 1, 0.002])
        for k in (1, 2, 3):
            close(sparse_probe(acts, positive, k), fitted(acts, positive, k), **loose)


# A transformer block

NORMS, SQUARE = ("norm1", "norm2"), ("query", "key", "value", "output")


def shapes(d_model: int) -> dict[str, tuple[int, ...]]:
    """The parameters of a block."""
    named: dict[str, tuple[int, ...]] = {f"{name}.{part}": (d_model,) for name in NORMS for part in ("weight", "bias")}
    named |= {f"{name}.weight": (d_model, d_model) for name in SQUARE}
    named |= {"up.weight": (4 * d_model, d_model), "up.bias": (4 * d_model,)}
    return dict(sorted((named | {"down.weight": (d_model, 4 * d_model), "down.bias": (d_model,)}).items()))


def reference(state: dict[str, Tensor], d_model: int, n_heads: int) -> nn.TransformerEncoderLayer:
    """torch's own layer with these parameters, and no bias in its attention."""
    layer = nn.TransformerEncoderLayer(d_model, n_heads, 4 * d_model, dropout=0.0, batch_first=True, norm_first=True)
    theirs = {"norm1": "norm1", "norm2": "norm2", "up": "linear1", "down": "linear2", "output": "self_attn.out_proj"}
    loaded = {
        f"self_attn.{part}": torch.zeros(n) for part, n in (("in_proj_bias", 3 * d_model), ("out_proj.bias", d_model))
    }
    loaded["self_attn.in_proj_weight"] = torch.cat([state[f"{name}.weight"] for name in SQUARE[:3]])
    for name, value in state.items():
        own, _, part = name.rpartition(".")
        if own in theirs:
            loaded[f"{theirs[own]}.{part}"] = value
    layer.load_state_dict(loaded)
    return layer


@judged
def test_Block(Block):
    for d_model, n_heads, batch, seq in ((6, 2, 2, 5), (6, 3, 1, 4), (8, 1, 3, 1), (10, 5, 2, 7)):
        block = Block(d_model, n_heads)
        found = {name: tuple(p.shape) for name, p in sorted(block.named_parameters())}
        zh, en = "参数的名字和形状", "names and shapes of its parameters"
        with case(zh=zh, en=en):
            close(found, shapes(d_model))
        with torch.no_grad():
            for i, (_, p) in enumerate(sorted(block.named_parameters())):
                p.copy_(noise(*p.shape, seed=i) / math.sqrt(p.shape[-1]))
        layer = reference(dict(block.state_dict()), d_model, n_heads)
        x = 3 + 2 * noise(batch, seq, d_model)
        for training in (True, False):
            block.train(training)
            follow(block, layer, x)
        with case(zh="输入为 float64 时", en="on float64"):
            follow(block.double(), layer.double(), x.double())
    with case(zh="`output` 和 `down` 全是 0 时", en="where `output` and `down` are all 0"):
        block, x = Block(4, 2), noise(2, 3, 4)
        with torch.no_grad():
            for p in (block.output.weight, block.down.weight, block.down.bias):
                p.zero_()
        close(block(x).detach(), x, **MILD)
    with case(zh="`seq` 上千时", en="with a `seq` in the thousands"):
        block, x = Block(4, 2), noise(1, 1100, 4)
        with torch.no_grad():
            for i, (_, p) in enumerate(sorted(block.named_parameters())):
                p.copy_(noise(*p.shape, seed=i) / 2)
        later = torch.full((1100, 1100), -math.inf).triu(1)
        expected = reference(dict(block.state_dict()), 4, 2)(x, src_mask=later).detach()
        close(block(x).detach(), expected, rtol=1e-2, atol=1e-3)


def follow(block: nn.Module, layer: nn.TransformerEncoderLayer, x: Tensor) -> None:
    """Forward and backward as in torch's own layer."""
    mine, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    later = torch.full((x.shape[1], x.shape[1]), -math.inf, dtype=x.dtype).triu(1)
    out, expected = block(mine), layer(theirs, src_mask=later)
    close(out.detach() if isinstance(out, Tensor) else out, expected.detach(), rtol=1e-3, atol=1e-4)
    upstream = noise(*x.shape, seed=9).to(x.dtype)
    for module in (block, layer):
        module.zero_grad()
    if not (out.requires_grad and out.shape == expected.shape):
        holds(
            bool(OBSERVERS), zh="结果不再与输入相连，没有梯度", en="the result is cut off from its input: no gradient"
        )
        return
    out.backward(upstream.to(out.dtype))
    expected.backward(upstream)
    with case(zh="对输入的梯度", en="the gradient with respect to the input"):
        close(mine.grad, theirs.grad, rtol=1e-3, atol=1e-3)
    with case(zh="对 `value.weight` 的梯度", en="the gradient with respect to `value.weight`"):
        last = layer.self_attn.in_proj_weight.grad[-x.shape[-1] :]  # type: ignore
        close(block.value.weight.grad, last, rtol=1e-3, atol=1e-3)  # type: ignore


class Told(nn.Module):
    """A model whose next token is known: `rule(tokens)` gives the logits after them; it notes what it is given."""

    def __init__(self, rule: Any) -> None:
        super().__init__()
        self.rule, self.seen, self.graphs, self.modes = rule, [], False, []

    def forward(self, tokens: Tensor) -> Tensor:
        self.seen.append(tokens.tolist())
        self.modes.append(self.training)
        self.graphs = self.graphs or torch.is_grad_enabled()
        return torch.stack([torch.stack([self.rule(row[: i + 1]) for i in range(len(row))]) for row in tokens])


def summing(tokens: Tensor) -> Tensor:
    """Next is the sum of all tokens so far plus one, modulo 5, by a margin of 1."""
    return torch.eye(5)[(int(tokens.sum()) + 1) % 5]


@judged
def test_generate(generate):
    for prompt, n_new, n_ctx, margin in (  # the smaller the margin, the more often drawing would miss it
        ([1, 3], 6, 20, 1),
        ([2], 7, 3, 0.1),
        ([0, 4, 1, 1, 2], 4, 2, 0.01),
        ([3, 1], 0, 4, 1),
        ([1, 2, 3], 3, 1, 0.001),
    ):
        model = Told(lambda tokens, margin=margin: margin * summing(tokens))
        given, row, seen = torch.tensor(prompt), list(prompt), []
        for _ in range(n_new):
            seen.append([row[-n_ctx:]])
            row.append((sum(row[-n_ctx:]) + 1) % 5)
        with case(zh="温度为 0", en="with a temperature of 0"):
            generator, before = torch.Generator().manual_seed(n_new), torch.random.get_rng_state()
            unused = generator.get_state()
            got = generate(model, given, n_new, n_ctx, temperature=0, generator=generator)
            close(got, torch.tensor(row))
            idle = torch.equal(unused, generator.get_state()) and torch.equal(before, torch.random.get_rng_state())
            holds(idle, zh="这时不该抽签，却动用了随机数", en="random numbers were used, where nothing is to be drawn")
        with case(zh="给模型的词元", en="the tokens that the model was given"):
            close(model.seen, seen)
        holds(not model.graphs, zh="调用模型时记录了计算图", en="graphs were recorded while the model was called")
    holds(torch.is_grad_enabled(), zh="之后不再记录计算图", en="afterwards no graphs are recorded any more")
    for training in (True, False):
        model = Told(summing).train(training)
        generate(model, torch.tensor([1]), 2, 4, temperature=0)
        zh, en = "调用时模型换了模式（train、eval）", "the model was called in another mode (train, eval)"
        holds(model.modes == [training] * 2, zh=zh, en=en)
        zh, en = "之后模型换了模式（train、eval）", "afterwards the model is in another mode (train, eval)"
        holds(model.training is training, zh=zh, en=en)
    for temperature, seed in ((1.0, 0), (0.5, 1), (2.0, 2)):
        model = Told(lambda tokens: torch.tensor([0, math.log(3), math.log(2)]))
        state = torch.random.get_rng_state()
        words = f"T = {temperature}"
        with case(zh=words, en=words):
            options = {} if temperature == 1 else {"temperature": temperature}
            runs = [
                generate(model, torch.tensor([2]), 400, 2, generator=torch.Generator().manual_seed(seed), **options)
                for _ in range(2)
            ]
            drawn = torch.as_tensor(runs[0])[1:]
            shares = torch.stack([(drawn == token).float().mean() for token in range(3)])
            odds = torch.tensor([1.0, 3, 2]) ** (1 / temperature)
            close(shares, odds / odds.sum(), rtol=0, atol=0.08)
            zh, en = (
                "同样的种子，结果不同：没有用 `generator`",
                "the same seed gives another result: `generator` isn't used",
            )
            holds(bool(torch.equal(torch.as_tensor(runs[0]), torch.as_tensor(runs[1]))), zh=zh, en=en)
            zh, en = "动用了全局的随机数", "the global random numbers were used"
            holds(bool(torch.equal(state, torch.random.get_rng_state())), zh=zh, en=en)
