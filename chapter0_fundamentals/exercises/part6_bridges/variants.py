"""Right answers of the last lesson, each written in another way; the tests accept them all."""

import functools
import math
from collections import Counter

import einops
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coach import variant
from part6_bridges import solutions
from part6_bridges.solutions import parts

# A transformer without layers


@variant("next_token_loss")
def by_cross_entropy(logits, tokens):
    return F.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:], reduction="none")


@variant("next_token_loss")
def flat_and_back(logits, tokens):
    batch, seq = tokens.shape
    flat = F.cross_entropy(logits[:, : seq - 1].flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
    return flat.view(batch, seq - 1)


@variant("next_token_loss")
def by_logsumexp(logits, tokens):
    logits = logits[:, :-1, :]
    picked = torch.take_along_dim(logits, tokens[:, 1:].unsqueeze(2), dim=2)[..., 0]
    return logits.logsumexp(2) - picked


@variant("next_token_loss")
def by_one_hot(logits, tokens):
    hot = F.one_hot(tokens[:, 1:], logits.shape[2]).to(logits.dtype)
    shifted = logits[:, :-1] - logits[:, :-1].amax(dim=2, keepdim=True)
    return shifted.exp().sum(2).log() - (hot * shifted).sum(2)


@variant("bigram_log_probs")
def pair_by_pair(tokens, n_vocab, smoothing=1.0):
    counts = [[smoothing] * n_vocab for _ in range(n_vocab)]
    for row in tokens.tolist():
        for a, b in zip(row, row[1:], strict=False):
            counts[a][b] += 1
    return torch.tensor([[math.log(c / sum(row)) for c in row] for row in counts])


@variant("bigram_log_probs")
def by_counter(tokens, n_vocab, smoothing=1.0):
    pairs = Counter(pair for row in tokens.tolist() for pair in zip(row[:-1], row[1:], strict=True))
    firsts = Counter(int(a) for a in tokens[:, :-1].reshape(-1))
    table = torch.empty(n_vocab, n_vocab)
    for a in range(n_vocab):
        for b in range(n_vocab):
            table[a, b] = math.log((pairs[a, b] + smoothing) / (firsts[a] + n_vocab * smoothing))
    return table


@variant("bigram_log_probs")
def by_products_of_one_hot(tokens, n_vocab, smoothing=1.0):
    hot = F.one_hot(tokens, n_vocab).float()
    return F.normalize(torch.einsum("bsi,bsj->ij", hot[:, :-1], hot[:, 1:]) + smoothing, p=1, dim=1).log()


@variant("bigram_log_probs")
def by_numpy(tokens, n_vocab, smoothing=1.0):
    counts = np.full((n_vocab, n_vocab), smoothing, dtype=np.float64)
    np.add.at(counts, (tokens[:, :-1].numpy(), tokens[:, 1:].numpy()), 1)
    return torch.from_numpy(np.log(counts) - np.log(counts.sum(1, keepdims=True))).to(torch.float32)


# A head and its circuits


@variant("attention_pattern")
def row_by_row(q, k):
    n, rows = q.shape[-2], []
    for i in range(n):
        scores = (q[..., i : i + 1, :] * k[..., : i + 1, :]).sum(-1) / q.shape[-1] ** 0.5
        rows.append(F.pad(scores.softmax(-1), (0, n - 1 - i)))
    return torch.stack(rows, dim=-2)


@variant("attention_pattern")
def added_infinities(q, k):
    scores = torch.einsum("...id,...jd->...ij", q, k) * q.size(-1) ** -0.5
    mask = torch.full(scores.shape[-2:], float("-inf"), dtype=scores.dtype).triu(diagonal=1)
    return F.softmax(scores + mask, dim=-1)


@variant("attention_pattern")
def large_and_finite(q, k):
    n = q.shape[-2]
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return torch.softmax(torch.where(torch.arange(n)[:, None] >= torch.arange(n), scores, -1e9), dim=-1)


@variant("attention_pattern")
def least_of_the_dtype(q, k):
    scores = torch.einsum("...qd,...kd->...qk", q / q.shape[-1] ** 0.5, k)
    visible = torch.ones_like(scores).tril().bool()
    return scores.where(visible, torch.finfo(scores.dtype).min).softmax(-1)


@variant("attention_pattern")
def exponentials_of_differences(q, k):
    scores = (q * q.shape[-1] ** -0.5) @ k.mT
    hidden = torch.arange(scores.shape[-1]) > torch.arange(scores.shape[-1])[:, None]
    scores = scores.masked_fill(hidden, -math.inf)
    return (scores - scores.logsumexp(-1, keepdim=True)).exp()


@variant("attention_pattern")
def by_torchs_own(q, k):
    eye = torch.eye(q.shape[-2], dtype=q.dtype).expand(*q.shape[:-2], -1, -1)
    return F.scaled_dot_product_attention(q, k, eye, is_causal=True)


@variant("attention_head")
def values_first(x, W_Q, W_K, W_V, W_O):
    pattern = row_by_row(torch.matmul(x, W_Q), torch.matmul(x, W_K))
    return torch.matmul(pattern, torch.matmul(x, W_V @ W_O))


@variant("attention_head")
def by_einsum(x, W_Q, W_K, W_V, W_O):
    q, k, v = (einops.einsum(x, W, "... seq m, m d -> ... seq d") for W in (W_Q, W_K, W_V))
    pattern = solutions.attention_pattern(q, k)
    return einops.einsum(pattern, v, W_O, "... pos src, ... src d, d m -> ... pos m")


@variant("attention_head")
def scaled_dot_product(x, W_Q, W_K, W_V, W_O):
    return F.scaled_dot_product_attention(x @ W_Q, x @ W_K, x @ W_V, is_causal=True) @ W_O


@variant("attention_head")
def by_its_circuits(x, W_Q, W_K, W_V, W_O):
    return solutions.circuit_head(x, *solutions.circuits(W_Q, W_K, W_V, W_O))


@variant("circuits")
def circuits_by_einsum(W_Q, W_K, W_V, W_O):
    QK = torch.einsum("ih,jh->ij", W_Q, W_K) * W_Q.shape[-1] ** -0.5
    return QK, torch.einsum("ih,hj->ij", W_V, W_O)


@variant("circuits")
def scaled_halfway(W_Q, W_K, W_V, W_O):
    quarter = W_O.shape[0] ** 0.25
    return (W_Q / quarter) @ (W_K / quarter).transpose(0, 1), torch.mm(W_V, W_O)


@variant("circuits")
def sums_of_outer_products(W_Q, W_K, W_V, W_O):
    d = W_Q.shape[1]
    QK = torch.stack([torch.outer(W_Q[:, h], W_K[:, h]) for h in range(d)]).sum(0)
    return QK / math.sqrt(d), torch.stack([torch.outer(W_V[:, h], W_O[h]) for h in range(d)]).sum(0)


@variant("circuit_head")
def through_the_pattern(x, QK, OV):
    return solutions.attention_pattern(x @ QK * math.sqrt(x.shape[-1]), x) @ (x @ OV)


@variant("circuit_head")
def position_by_position(x, QK, OV):
    rows = []
    for i in range(x.shape[-2]):
        scores = torch.einsum("...m,mn,...jn->...j", x[..., i, :], QK, x[..., : i + 1, :])
        rows.append(torch.einsum("...j,...jm->...m", scores.softmax(-1), x[..., : i + 1, :]) @ OV)
    return torch.stack(rows, dim=-2)


@variant("circuit_head")
def by_torchs_attention(x, QK, OV):
    return F.scaled_dot_product_attention(x @ QK, x, x @ OV, is_causal=True, scale=1.0)


# Induction heads


@variant("previous_token_circuits")
def place_by_place(n_vocab, n_ctx, strength):
    d_model = 3 * n_vocab + n_ctx
    QK, OV = torch.zeros(d_model, d_model), torch.zeros(d_model, d_model)
    for p in range(1, n_ctx):
        QK[3 * n_vocab + p][3 * n_vocab + p - 1] = strength
    for t in range(n_vocab):
        OV[t, n_vocab + t] = 1
    return QK, OV


@variant("previous_token_circuits")
def on_diagonals(n_vocab, n_ctx, strength):
    d_model = 3 * n_vocab + n_ctx
    before = torch.zeros(d_model - 1)
    before[3 * n_vocab :] = strength
    copies = torch.zeros(d_model - n_vocab)
    copies[:n_vocab] = 1.0
    return torch.diag(before, -1), torch.diag(copies, n_vocab)


@variant("previous_token_circuits")
def as_a_list(n_vocab, n_ctx, strength):
    token, previous, _, position = parts(n_vocab, n_ctx)
    eye = torch.eye(3 * n_vocab + n_ctx)
    QK = strength * eye[:, position][:, 1:] @ eye[position][:-1]
    return QK, eye[:, token] @ eye[previous]


@variant("induction_circuits")
def token_by_token(n_vocab, n_ctx, strength):
    QK, OV = torch.zeros(2, 3 * n_vocab + n_ctx, 3 * n_vocab + n_ctx)
    for t in range(n_vocab):
        QK[t, n_vocab + t] = strength
        QK[t, 0] += strength / 2
        if t:
            OV[t, 2 * n_vocab + t] = 1
    return QK, OV


@variant("induction_circuits")
def by_outer_products(n_vocab, n_ctx, strength):
    token, previous, guess, _ = parts(n_vocab, n_ctx)
    eye = torch.eye(3 * n_vocab + n_ctx)
    find = sum(torch.outer(eye[token][t], eye[previous][t]) for t in range(n_vocab))
    rest = torch.outer(eye[token].sum(0), eye[0])
    carry = eye[:, token][:, 1:] @ eye[guess][1:]
    return strength * find + 0.5 * strength * rest, carry


@variant("induction_circuits")
def with_a_diagonal(n_vocab, n_ctx, strength):
    token, previous, guess, _ = parts(n_vocab, n_ctx)
    QK, OV = (torch.zeros(3 * n_vocab + n_ctx, 3 * n_vocab + n_ctx) for _ in range(2))
    QK[token, previous].fill_diagonal_(strength)
    QK[token, :1] = strength * 0.5
    keep = torch.ones(n_vocab)
    keep[0] = 0
    OV[token, guess] = keep.diag()
    return QK, OV


# Learning from rewards


@variant("reward_gradient")
def by_autograd(logits, means):
    leaf = logits.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad((leaf.softmax(-1) * means).sum(), leaf)
    return gradient


@variant("reward_gradient")
def by_backward(logits, means):
    leaf = nn.Parameter(logits.detach().clone())
    torch.dot(torch.softmax(leaf, dim=0), means).backward()
    return leaf.grad


@variant("reward_gradient")
@torch.no_grad()
def by_the_jacobian(logits, means):
    p = (logits - logits.max()).exp()
    p = p / p.sum()
    return (torch.diag(p) - torch.outer(p, p)) @ means


@variant("reinforce_gradient")
def sample_by_sample(logits, actions, rewards, baseline=0.0):
    p = logits.detach().softmax(-1)
    total = torch.zeros_like(p)
    for action, reward in zip(actions.tolist(), rewards, strict=True):
        score = -p.clone()
        score[action] += 1
        total += (reward - baseline) * score
    return total / len(actions)


@variant("reinforce_gradient")
def by_a_surrogate(logits, actions, rewards, baseline=0.0):
    leaf = logits.detach().clone().requires_grad_()
    ((rewards - baseline) * leaf.log_softmax(0)[actions]).mean().backward()
    return leaf.grad


@variant("reinforce_gradient")
@torch.no_grad()
def gains_by_arm(logits, actions, rewards, baseline=0.0):
    gains = rewards.to(logits) - baseline
    by_arm = torch.zeros_like(logits).index_add(0, actions, gains)
    return (by_arm - gains.sum() * F.softmax(logits, dim=0)) / len(gains)


@variant("reinforce_gradient")
def by_matrix_product(logits, actions, rewards, baseline=0.0):
    p = torch.softmax(logits.detach(), 0)
    gains = (rewards - baseline).type_as(p)
    return gains @ (torch.eye(len(p), dtype=p.dtype)[actions] - p) / rewards.shape[0]


@variant("reinforce_gradient")
def running_mean_in_float64(logits, actions, rewards, baseline=0.0):
    p = logits.detach().double().softmax(0)
    mean = torch.zeros_like(p)
    for n, (action, gain) in enumerate(zip(actions, rewards.double() - baseline, strict=True), start=1):
        mean += (gain * (F.one_hot(action, len(p)) - p) - mean) / n
    return mean.to(logits.dtype)


# What a state is worth


@variant("policy_values")
def powers_squared(transitions, rewards, gamma=1.0):
    """Twice as many steps each time."""
    step, v = gamma * transitions.double(), rewards.double()
    for _ in range(40):
        v, step = v + step @ v, step @ step
    return v.to(rewards.dtype)


@variant("policy_values")
def until_nothing_changes(transitions, rewards, gamma=1.0):
    v = torch.zeros_like(rewards)
    for _ in range(100_000):
        v, old = rewards + gamma * (transitions @ v), v
        if (v - old).abs().max() < 1e-6 * (1 + v.abs().max()):
            break
    return v


@variant("policy_values")
def by_the_inverse(transitions, rewards, gamma=1.0):
    return torch.linalg.inv(torch.eye(rewards.shape[0]).to(rewards) - gamma * transitions) @ rewards


@variant("policy_values")
def by_numpys_solve(transitions, rewards, gamma=1.0):
    P, r = transitions.double().numpy(), rewards.double().numpy()
    return torch.from_numpy(np.linalg.solve(np.identity(len(r)) - gamma * P, r)).to(rewards.dtype)


@variant("policy_values")
def as_a_column(transitions, rewards, gamma=1.0):
    A = -gamma * transitions
    A = A + torch.diag(torch.ones_like(rewards))
    return torch.linalg.solve(A, rewards.unsqueeze(1)).squeeze(1)


# Where a concept lives


@variant("sparse_probe")
def probe_by_numpy(acts, positive, k):
    a, y = acts.double().numpy(), positive.numpy()
    std = a.std(axis=0)
    score = np.where(std > 0, np.abs(a[y].mean(0) - a[~y].mean(0)) / np.where(std > 0, std, 1), 0)
    kept = np.argsort(-score)[:k]
    fit, *_ = np.linalg.lstsq(np.c_[a[:, kept], np.ones(len(a))], np.where(y, 1.0, -1.0), rcond=None)
    weight = np.zeros(a.shape[1])
    weight[kept] = fit[:k]
    return torch.tensor(weight).to(acts.dtype), torch.tensor(fit[k]).to(acts.dtype)


@variant("sparse_probe")
def by_correlation(acts, positive, k):
    """The score is the correlation with the target, but for a factor common to all channels."""
    y = torch.where(positive, 1.0, -1.0).to(acts.dtype)
    centred, target = acts - acts.mean(0), y - y.mean()
    std = centred.pow(2).mean(0).sqrt()
    score = ((centred * target[:, None]).mean(0).abs() / std).nan_to_num(0.0)
    kept = score.sort(descending=True).indices[:k]
    w = torch.linalg.lstsq(centred[:, kept], target.unsqueeze(1)).solution.squeeze(1)
    weight = torch.zeros(acts.shape[1], dtype=acts.dtype)
    weight[kept] = w
    return weight, y.mean() - (acts.mean(0)[kept] * w).sum()


@variant("sparse_probe")
def channels_as_they_are(acts, positive, k):
    """In the dtype of the activations, without subtracting a mean: `lstsq` is accurate enough."""
    std, gap = acts.std(0), acts[positive].mean(0) - acts[~positive].mean(0)
    kept = torch.where(std == 0, 0, gap.abs() / std.clamp(min=1e-30)).argsort(descending=True)[:k]
    A = F.pad(acts[:, kept], (0, 1), value=1.0)
    solution = torch.linalg.lstsq(A, (2.0 * positive - 1).to(acts.dtype).unsqueeze(-1)).solution.flatten()
    return torch.zeros(acts.shape[1], dtype=acts.dtype).scatter(0, kept, solution[:-1]), solution[-1]


@variant("sparse_probe")
def normal_equations_of_centred(acts, positive, k):
    middle = acts.mean(dim=0, keepdim=True)
    moved, y = acts - middle, torch.where(positive, 1.0, -1.0).to(acts.dtype)
    changes = moved.abs().amax(dim=0) > 0
    score = torch.zeros_like(middle[0])
    apart = moved[positive].mean(0) - moved[~positive].mean(0)
    score[changes] = apart[changes].abs() / moved.norm(dim=0)[changes]
    kept = score.topk(k).indices
    X = moved[:, kept]
    w = torch.linalg.solve(X.mT @ X, X.mT @ y)
    weight = torch.zeros_like(score)
    weight[kept] = w
    return weight, y.mean() - middle[0, kept].dot(w)


@variant("sparse_probe")
def constant_first_in_order(acts, positive, k):
    std = acts.std(dim=0)  # divided by n - 1: the same channels
    gap = (acts[positive].mean(dim=0) - acts[~positive].mean(dim=0)).abs()
    score = torch.zeros_like(gap)
    score[std > 0] = gap[std > 0] / std[std > 0]
    kept = sorted(score.argsort(descending=True)[:k].tolist())
    columns = torch.column_stack([torch.ones(len(acts), dtype=acts.dtype), acts[:, kept]]).double()
    target = torch.ones(len(acts), 1, dtype=torch.float64)
    target[~positive] = -1
    solution = torch.linalg.pinv(columns) @ target
    weight = torch.zeros(acts.shape[1], dtype=acts.dtype)
    for place, channel in enumerate(kept):
        weight[channel] = solution[place + 1, 0]
    return weight, solution[0, 0].to(acts.dtype)


# A transformer block


@variant("Block")
class ByScaledDotProduct(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.heads = n_heads
        self.norm1 = nn.LayerNorm(d_model)
        for name in ("output", "value", "key", "query"):
            setattr(self, name, nn.Linear(d_model, d_model, bias=False))
        self.norm2 = nn.LayerNorm(d_model)
        self.down, self.up = nn.Linear(4 * d_model, d_model), nn.Linear(d_model, 4 * d_model)

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x):
        y = self.norm1(x)
        q, k, v = (self.split(self.get_submodule(name)(y)) for name in ("query", "key", "value"))
        z = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.get_submodule("output")(z.transpose(1, 2).flatten(2))
        return x + self.down(self.up(self.norm2(x)).relu())


@variant("Block")
class HeadByHead(solutions.Block):
    def forward(self, x):
        y, d = self.norm1(x), x.shape[-1] // self.query_heads()
        pieces = []
        for h in range(self.query_heads()):
            here = slice(h * d, (h + 1) * d)
            q, k, v = self.query(y)[..., here], self.key(y)[..., here], self.value(y)[..., here]
            pieces.append(row_by_row(q, k) @ v)
        x = x + self.output(torch.cat(pieces, dim=-1))
        return x + self.down(torch.clamp(self.up(self.norm2(x)), min=0))

    def query_heads(self):
        return self.n_heads


@variant("Block")
class PiecesAsModules(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.norm1, self.norm2, self.n_heads = nn.LayerNorm(d_model), nn.LayerNorm(d_model), n_heads
        square = functools.partial(nn.Linear, d_model, d_model, bias=False)
        self.query, self.key, self.value, self.output = square(), square(), square(), square()
        self.up, self.relu, self.down = nn.Linear(d_model, 4 * d_model), nn.ReLU(), nn.Linear(4 * d_model, d_model)
        self.register_buffer("scale", torch.tensor((d_model // n_heads) ** -0.5), persistent=False)

    def forward(self, x):
        b, t, m = x.shape
        y = self.norm1(x)
        q, k, v = (f(y).view(b, t, self.n_heads, -1).permute(0, 2, 1, 3) for f in (self.query, self.key, self.value))
        scores = q @ k.permute(0, 1, 3, 2) * self.scale.to(x.dtype)
        scores = scores + torch.full((t, t), -math.inf, dtype=x.dtype).triu(1)
        x = x + self.output((scores.softmax(-1) @ v).permute(0, 2, 1, 3).reshape(b, t, m))
        return x + self.down(self.relu(self.up(self.norm2(x))))


@variant("generate")
@torch.inference_mode()
def in_inference_mode(model, prompt, n_new, n_ctx, temperature=1.0, generator=None):
    row = prompt.tolist()
    for _ in range(n_new):
        logits = model(torch.tensor(row[-n_ctx:]).unsqueeze(0))[0, -1, :]
        if temperature > 0:
            probabilities = F.softmax(logits / temperature, dim=-1)
            row.append(torch.multinomial(probabilities, num_samples=1, generator=generator).item())
        else:
            row.append(int(logits.argmax()))
    return torch.tensor(row, dtype=torch.long)


@variant("generate")
@torch.no_grad()
def into_a_batch(model, prompt, n_new, n_ctx, temperature=1.0, generator=None):
    tokens = prompt[None]
    for _ in range(n_new):
        logits = model(tokens if tokens.shape[1] <= n_ctx else tokens[:, -n_ctx:])[:, -1]
        chosen = logits.argmax(-1, keepdim=True)
        if temperature:
            chosen = torch.multinomial((logits / temperature - chosen * 0).exp(), 1, generator=generator)
        tokens = torch.hstack((tokens, chosen))
    return tokens.squeeze(0)


@variant("generate")
def into_room_made_before(model, prompt, n_new, n_ctx, temperature=1.0, generator=None):
    start, total = len(prompt), len(prompt) + n_new
    out = torch.zeros(total, dtype=prompt.dtype)
    out[:start] = prompt
    for i in range(start, total):
        with torch.no_grad():
            last = model(out[max(0, i - n_ctx) : i].reshape(1, -1))[0][-1]
            out[i] = (
                last.topk(1).indices[0]
                if temperature == 0
                else torch.multinomial(torch.softmax(last / temperature, 0), 1, generator=generator)[0]
            )
    return out
