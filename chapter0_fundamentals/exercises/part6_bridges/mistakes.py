"""The wrong answers of the last lesson, each explained in a sentence."""

import math
from collections.abc import Callable
from typing import Any

import einops
import torch
import torch.nn.functional as F
from torch import nn

from coach import mistake
from part6_bridges import solutions
from part6_bridges.solutions import parts

CUT = (
    "结果从计算图上断开了：不要 `detach`，也不要 `no_grad`。",
    "The result is cut off from the graph: no `detach`, no `no_grad`.",
)
OVERFLOWS = (
    "大的分数会溢出：softmax 之前要减去最大值，或者直接调用它。",
    "Large scores overflow: subtract the maximum before exponentials, or call softmax.",
)
KEEPS = "结果还连着计算图：先 `detach`。", "The result is still part of the graph: `detach` first."


def faults(exercise: str, make: Callable, table: dict[str, tuple[Any, str, str]]) -> None:
    """Registers `make(fault)` for each row (fault, zh, en) of the table."""
    for name, (fault, zh, en) in table.items():
        function = make(**fault)
        function.__name__ = function.__qualname__ = name
        mistake(exercise, zh=zh, en=en)(function)


def with_overflow(x, dim=-1):
    return x.exp() / x.exp().sum(dim=dim, keepdim=True)


# A transformer without layers


def losing(of=lambda x: x[:, :-1], at=lambda t: t[:, 1:], log=lambda x: x.log_softmax(-1), end=lambda x: -x):
    def loss(logits, tokens):
        return end(log(of(logits)).gather(-1, at(tokens)[..., None]).squeeze(-1))

    return loss


faults(
    "next_token_loss",
    losing,
    {
        "guesses_the_present": (
            {"at": lambda t: t[:, :-1]},
            "每个位置对的是它*自己*的词元：应当是下一个。",
            "Each position is held against *its own* token: it should be the next.",
        ),
        "guesses_the_past": (
            {"of": lambda x: x[:, 1:], "at": lambda t: t[:, :-1]},
            "每个位置对的是*前*一个词元：应当是下一个。",
            "Each position is held against the token *before*: it should be the next.",
        ),
        "first_logits_dropped": (
            {"of": lambda x: x[:, 1:]},
            "丢掉的是第一个位置的 logits：没有用的是最后一个。",
            "The logits of the first position are dropped: it is the last that isn't used.",
        ),
        "wraps_around": (
            {"of": lambda x: x, "at": lambda t: t.roll(-1, dims=1)},
            "多了一个：最后一个位置没有下一个词元，这里拿第一个来充当。",
            "There is one too many: the last position has no next token, and is held against the first.",
        ),
        "not_negated": (
            {"end": lambda x: x},
            "少了负号：损失是对数概率的相反数。",
            "The sign is missing: the loss is the negative log-probability.",
        ),
        "not_logged": (
            {"log": lambda x: x.softmax(-1)},
            "没有取对数：用的是概率本身。",
            "There is no logarithm: it uses the probability itself.",
        ),
        "in_bits": (
            {"end": lambda x: -x / math.log(2)},
            "单位是比特：应当是奈特，用自然对数。",
            "It counts in bits: nats are wanted, with the natural logarithm.",
        ),
        "softmax_over_positions": (
            {"log": lambda x: x.log_softmax(1)},
            "softmax 是沿着位置做的：应当沿词元，即最后一个轴。",
            "Softmax goes over the positions: it should go over the tokens, the last axis.",
        ),
        "softmax_twice": (
            {"log": lambda x: x.softmax(-1).log_softmax(-1)},
            "softmax 做了两次。",
            "Softmax is taken twice.",
        ),
        "raw_logits": (
            {"log": lambda x: x},
            "没有归一化：logits 还不是对数概率。",
            "Nothing is normalised: logits aren't log-probabilities.",
        ),
        "overflowing_loss": ({"log": lambda x: with_overflow(x).log()}, *OVERFLOWS),
        "log_of_softmax": (
            {"log": lambda x: x.softmax(-1).log()},
            "先 softmax 再取对数：很小的概率下溢成 0，损失成了 `inf`。直接用 `log_softmax`。",
            "It takes softmax first and then the logarithm: tiny probabilities become 0, and the loss `inf`. Use `log_softmax`.",
        ),
        "loss_in_float32": (
            {"of": lambda x: x[:, :-1].float()},
            "结果总是 float32：float64 进，就要 float64 出。",
            "The result is always float32: where float64 goes in, float64 comes out.",
        ),
        "axes_lost": (
            {"end": lambda x: -x.squeeze()},
            "`squeeze()` 不写轴，长度为 1 的轴全去掉了，连 `batch` 和位置的也是：写明轴，`squeeze(-1)`。",
            "`squeeze()` without an axis takes away every axis of length 1, those of `batch` and positions as well: say which, `squeeze(-1)`.",
        ),
        "one_mean": (
            {"end": lambda x: -x.mean()},
            "返回的是全部的平均，只有一个数：每个位置要有自己的损失。",
            "It returns the mean of all, a single number: each position has a loss of its own.",
        ),
        "one_sum": (
            {"end": lambda x: -x.sum()},
            "返回的是全部之和，只有一个数：每个位置要有自己的损失。",
            "It returns the sum of all, a single number: each position has a loss of its own.",
        ),
        **{
            f"never_below_1e_{digits}": (
                {"log": lambda x, least=10.0**-digits: x.softmax(-1).clamp(min=least).log()},
                f"概率不小于 1e-{digits}，损失就到不了 {digits * math.log(10):.1f} 以上：用 `log_softmax`，不必防着 0。",
                f"No probability is below 1e-{digits}, so no loss is above {digits * math.log(10):.1f}: with `log_softmax` there is no 0 to guard against.",
            )
            for digits in (6, 7, 8, 9, 10, 12)
        },
        "cut_loss": ({"end": lambda x: -x.detach()}, *CUT),
        "mean_of_batch": (
            {"end": lambda x: -x.mean(dim=0, keepdim=True).expand(x.shape)},
            "对这一批取了平均：每一行要有自己的损失。",
            "It takes the mean over the batch: each row has losses of its own.",
        ),
    },
)


@mistake(
    "next_token_loss",
    zh="为了 `F.cross_entropy` 用 `reshape` 换形状，数字都乱了位置：要交换两个轴。",
    en="`reshape` brings the shape that `F.cross_entropy` wants, but puts the numbers in other places: swap the two axes.",
)
def reshaped_for_cross_entropy(logits, tokens):
    batch, seq, n_vocab = logits.shape
    return F.cross_entropy(logits[:, :-1].reshape(batch, n_vocab, seq - 1), tokens[:, 1:], reduction="none")


@mistake(
    "next_token_loss",
    zh="`F.cross_entropy` 要词元的轴排第二：先交换轴，或者把前两个轴并成一个。",
    en="`F.cross_entropy` wants the axis of the tokens second: swap axes first, or make one of the first two.",
)
def axes_as_they_were(logits, tokens):
    return F.cross_entropy(logits[:, :-1], tokens[:, 1:], reduction="none")


@mistake(
    "next_token_loss",
    zh="切片之后内存不再连续，`view` 用不了：用 `reshape`。",
    en="A slice isn't contiguous, and `view` fails on it: use `reshape`.",
)
def slices_viewed(logits, tokens):
    guess, next_token = logits[:, :-1].view(-1, logits.shape[2]), tokens[:, 1:].view(-1)
    return F.cross_entropy(guess, next_token, reduction="none").view(len(tokens), -1)


@mistake(
    "next_token_loss",
    zh="减去最大值时就地改动了传入的 `logits`：写 `logits = logits - …`。",
    en="Subtracting the maximum in place changes the `logits` passed in: write `logits = logits - …`.",
)
def maximum_subtracted_in_place(logits, tokens):
    with torch.no_grad():
        logits -= logits.amax(dim=-1, keepdim=True)
    return losing()(logits, tokens)


@mistake(
    "next_token_loss",
    zh="减去最大值时就地改动了传入的 `logits`，求梯度时还会报错：写 `logits = logits - …`。",
    en="Subtracting the maximum in place changes the `logits` passed in, and fails with gradients: write `logits = logits - …`.",
)
def maximum_subtracted_from_a_leaf(logits, tokens):
    logits -= logits.amax(dim=-1, keepdim=True)
    return losing()(logits, tokens)


def counting(
    pairs=lambda t: (t[:, :-1].flatten(), t[:, 1:].flatten()),
    smooth=lambda c, s: c + s,
    share=lambda c, s: c / c.sum(dim=1, keepdim=True),
    end=lambda q: q.log().float(),
    add=True,
):
    def table(tokens, n_vocab, smoothing=1.0):
        first, second = pairs(tokens)
        counts = torch.zeros(n_vocab, n_vocab, dtype=torch.float64)
        counts.index_put_((first, second), torch.ones(len(first), dtype=torch.float64), accumulate=add)
        return end(share(smooth(counts, smoothing), smoothing))

    return table


def with_bare_denominator(c, s):
    bare = (c - s).sum(dim=1, keepdim=True)
    return c / torch.where(bare > 0, bare, 1)


faults(
    "bigram_log_probs",
    counting,
    {
        "across_rows": (
            {"pairs": lambda t: (t.flatten()[:-1], t.flatten()[1:])},
            "一行的最后一个与下一行的第一个也算成了一对。",
            "The last token of a row and the first of the next are counted as a pair.",
        ),
        "what_came_before": (
            {"pairs": lambda t: (t[:, 1:].flatten(), t[:, :-1].flatten())},
            "行和列反了：第 $a$ 行应当是 $a$ *后面*的词元。",
            "Rows and columns are swapped: row $a$ is about the tokens *after* $a$.",
        ),
        "one_place_skipped": (
            {"pairs": lambda t: (t[:, :-2].flatten(), t[:, 2:].flatten())},
            "隔着一个词元配对：应当是相邻的两个。",
            "The pairs skip a token: they should be neighbours.",
        ),
        "with_itself": (
            {"pairs": lambda t: (t[:, :-1].flatten(), t[:, :-1].flatten())},
            "每个词元与自己配成了一对。",
            "Each token is paired with itself.",
        ),
        "both_ways": (
            {
                "pairs": lambda t: (
                    torch.cat([t[:, :-1], t[:, 1:]]).flatten(),
                    torch.cat([t[:, 1:], t[:, :-1]]).flatten(),
                )
            },
            "每一对来回数了两次：只数前一个到后一个。",
            "Each pair is counted in both directions: count only from the first to the second.",
        ),
        "counted_once": (
            {"add": False},
            "同一对出现几次都只算一次：给同一处赋值不会累加。",
            "A pair counts once, however often it occurs: assigning to one place doesn't add up.",
        ),
        "columns_normalised": (
            {"share": lambda c, s: c / c.sum(dim=0, keepdim=True)},
            "除的是每一列的和：应当是每一行的和。",
            "Each column is divided by its sum: it should be each row.",
        ),
        "all_normalised": (
            {"share": lambda c, s: c / c.sum()},
            "除的是全部的和：那是一对出现的概率，不是条件概率。",
            "It divides by the sum of all: that is the probability of the pair, not the conditional one.",
        ),
        "bare_denominator": (
            {"share": with_bare_denominator},
            "分母里没有平滑：每一行的概率之和不是 1。",
            "There is no smoothing in the denominator: the probabilities of a row don't sum to 1.",
        ),
        "smoothed_once_below": (
            {"share": lambda c, s: c / (c.sum(dim=1, keepdim=True) - s * (len(c) - 1))},
            "分母里只加了一次平滑：它加在一行的每个计数上，一共 `n_vocab` 次。",
            "The denominator has the smoothing once only: it is added to every count of the row, `n_vocab` times.",
        ),
        "smoothing_is_1": (
            {"smooth": lambda c, s: c + 1},
            "平滑总是 1：没有用上 `smoothing`。",
            "The smoothing is always 1: `smoothing` isn't used.",
        ),
        "only_zeros_smoothed": (
            {"smooth": lambda c, s: torch.where(c == 0, s, c)},
            "只给 0 加了平滑：每个计数都要加。",
            "Only zeros are smoothed: it is added to every count.",
        ),
        "smoothed_afterwards": (
            {"smooth": lambda c, s: c + 1e-12, "end": lambda q: (q + 1).log().float()},
            "平滑加在了概率上，而不是计数上。",
            "The smoothing is added to the probabilities, not to the counts.",
        ),
        "not_logarithms": (
            {"end": lambda q: q.float()},
            "返回的是概率，没有取对数。",
            "It returns probabilities, without the logarithm.",
        ),
        "surprise_instead": (
            {"end": lambda q: -q.log().float()},
            "符号反了：要的是对数概率，不是惊讶。",
            "The sign is reversed: log-probabilities are wanted, not surprises.",
        ),
        "table_in_bits": (
            {"end": lambda q: q.log2().float()},
            "对数的底是 2：要自然对数。",
            "The logarithm has the base 2: the natural one is wanted.",
        ),
        "in_float64": (
            {"end": lambda q: q.log()},
            "结果是 float64：要 float32。",
            "The result is float64: float32 is wanted.",
        ),
    },
)


def table_of(size: Callable, least: Callable = lambda tokens, n: n**2) -> Callable:
    """What takes the size of the table, and `minlength`, from the tokens."""

    def table(tokens, n_vocab, smoothing=1.0):
        n = size(tokens, n_vocab)
        counts = (tokens[:, :-1] * n + tokens[:, 1:]).flatten().bincount(minlength=least(tokens, n))
        counts = counts.reshape(n, n) + smoothing
        return (counts / counts.sum(dim=1, keepdim=True)).log()

    return table


faults(
    "bigram_log_probs",
    table_of,
    {
        "as_large_as_the_largest": (
            {"size": lambda t, n: int(t.max()) + 1},
            "表的大小取自出现过的词元：应当是 `n_vocab`，没出现的词元也有一行一列。",
            "The size of the table comes from the tokens that occur: it should be `n_vocab`, with a row and a column for tokens that don't occur as well.",
        ),
        "no_minlength": (
            {"size": lambda t, n: n, "least": lambda t, n: 0},
            "`bincount` 没有写 `minlength`：后面的几对没出现时，数出来的不够长。",
            "`bincount` has no `minlength`: where the last pairs don't occur, it is too short.",
        ),
    },
)

# A head and its circuits


def later_than(scores, diagonal=1):
    return torch.ones(scores.shape[-2:], dtype=torch.bool).triu(diagonal)


def masked(scores, value=-math.inf):
    return scores.masked_fill(later_than(scores), value)


def weighing(
    score=lambda q, k: q @ k.mT / q.shape[-1] ** 0.5, mask=masked, soft=lambda s: s.softmax(-1), end=lambda w: w
):
    def weights(q, k):
        return end(soft(mask(score(q, k))))

    return weights


def zeroed(w):
    return w.masked_fill(later_than(w), 0)


SCORES = {
    "unmasked": ({"mask": lambda s: s}, "没有掩码：每个位置都看见了后面。", "There is no mask: every position sees those after it."),
    "masked_after": (
        {"mask": lambda s: s, "end": zeroed},
        "掩码加在 softmax 之后：每行的和不是 1，后面的分数还留在分母里。",
        "The mask comes after softmax: rows don't sum to 1, and later scores remain in the denominator.",
    ),
    "masked_by_zero": (
        {"mask": lambda s: masked(s, 0.0)},
        "被掩住的分数成了 0，而不是 $-\\infty$：$e^0 = 1$，照样有权重。",
        "Masked scores become 0 instead of $-\\infty$: $e^0 = 1$, which is still a weight.",
    ),
    "masked_too_weakly": (
        {"mask": lambda s: masked(s, -6.0)},
        "被掩住的分数不够小：它们的权重不是 0。",
        "The masked scores aren't small enough: their weights aren't 0.",
    ),
    "masked_by_minus_100": (
        {"mask": lambda s: masked(s, -100.0)},
        "被掩住的分数是一个不够小的数：看得见的分数更小时，后面的反而赢了。用 $-\\infty$。",
        "Masked scores are a number that isn't small enough: where those that are seen are even lower, later positions win. Use $-\\infty$.",
    ),
    "masked_by_minus_1000": (
        {"mask": lambda s: masked(s, -1000.0)},
        "被掩住的分数是 −1000 左右，不够小：看得见的分数更小时，后面的反而赢了。用 $-\\infty$。",
        "Masked scores are about −1000, which isn't small enough: where those that are seen are even lower, later positions win. Use $-\\infty$.",
    ),
    "lowered_by_1000": (
        {"mask": lambda s: s - 1000.0 * later_than(s)},
        "后面的分数只减了 1000，不够：它们高出几千时，照样有权重。用 $-\\infty$。",
        "Later scores are lowered by 1000, which isn't enough: where they are thousands above the others, they still have weights. Use $-\\infty$.",
    ),
    "zero_times_infinity": (
        {"mask": lambda s: s + later_than(s) * -math.inf},
        "掩码乘了 $-\\infty$：不该掩的地方是 $0 \\cdot \\infty$，成了 `nan`。用 `masked_fill`。",
        "The mask is multiplied by $-\\infty$: where nothing is hidden that is $0 \\cdot \\infty$, which is `nan`. Use `masked_fill`.",
    ),
    "shares_made_afterwards": (
        {"mask": lambda s: s, "end": lambda w: w.tril() / w.tril().sum(-1, keepdim=True)},
        "先 softmax，再清零，再除以每行的和：后面的分数大得多时，成了 0/0。softmax 之前就要掩住。",
        "It takes softmax, puts zeros, and divides by the sum of each row: where a later score is far larger, that is 0/0. The mask comes before softmax.",
    ),
    "one_maximum": (
        {"soft": lambda s: with_overflow(s - s.max())},
        "减去的是全部分数的最大值：比它小得多的行全成了 0，相除得 `nan`。每一行减去自己的最大值。",
        "It subtracts the maximum of all scores: rows far below it become all 0, and 0/0 is `nan`. Subtract from each row its own.",
    ),
    "masks_the_past": (
        {"mask": lambda s: s.masked_fill(later_than(s).mT, -math.inf)},
        "掩码反了：掩住的是前面，看见的是后面。",
        "The mask is reversed: it hides what came before and shows what comes later.",
    ),
    "masks_itself": (
        {"mask": lambda s: s.masked_fill(later_than(s, 0), -math.inf)},
        "对角线也被掩住了：每个位置看得见自己，否则位置 0 什么也看不见，成了 `nan`。",
        "The diagonal is masked as well: each position sees itself, or position 0 sees nothing and becomes `nan`.",
    ),
    "sees_one_ahead": (
        {"mask": lambda s: s.masked_fill(later_than(s, 2), -math.inf)},
        "掩码偏了一格：每个位置还看得见下一个。",
        "The mask is off by one: each position still sees the next.",
    ),
    "softmax_over_queries": (
        {"soft": lambda s: s.softmax(-2)},
        "softmax 沿着查询做了：要沿着键，即最后一个轴。",
        "Softmax goes over the queries: it should go over the keys, the last axis.",
    ),
    "overflowing_weights": ({"soft": with_overflow}, *OVERFLOWS),
    "cut_weights": ({"end": lambda w: w.detach()}, *CUT),
    "hard_choice": (
        {"soft": lambda s: F.one_hot(s.argmax(-1), s.shape[-1]).to(s.dtype) + 0 * s.nan_to_num(0, 0, 0)},
        "只选了分数最高的一个：softmax 给每个都留一份。",
        "It takes the highest score alone: softmax leaves a share to each.",
    ),
}  # fmt: skip

faults(
    "attention_pattern",
    weighing,
    SCORES
    | {
        "undivided": ({"score": lambda q, k: q @ k.mT}, "没有除以 $\\sqrt{d}$。", "It doesn't divide by $\\sqrt{d}$."),
        "divided_by_d": (
            {"score": lambda q, k: q @ k.mT / q.shape[-1]},
            "除的是 $d$：应当是它的平方根。",
            "It divides by $d$: it should be the root.",
        ),
        "divided_by_seq": (
            {"score": lambda q, k: q @ k.mT / q.shape[-2] ** 0.5},
            "除的是 `seq` 的平方根：应当是 `d_head` 的。",
            "It divides by the root of `seq`: it should be that of `d_head`.",
        ),
        "multiplied": (
            {"score": lambda q, k: q @ k.mT * q.shape[-1] ** 0.5},
            "乘了 $\\sqrt{d}$：应当除。",
            "It multiplies by $\\sqrt{d}$: it should divide.",
        ),
        "keys_ask": (
            {"score": lambda q, k: k @ q.mT / q.shape[-1] ** 0.5},
            "查询和键反了：行应当是查询。",
            "Queries and keys are swapped: the rows are the queries.",
        ),
        "scores_returned": (
            {"soft": lambda s: s.masked_fill(later_than(s), 0)},
            "返回的是分数，没有做 softmax。",
            "It returns scores, without softmax.",
        ),
    },
)

faults(
    "attention_pattern",
    weighing,
    {
        "one_axis_in_front": (
            {"score": lambda q, k: q @ k.transpose(1, 2) / q.shape[-1] ** 0.5},
            "前面恰好有一个轴时才对：交换的应当是最后两个轴，`k.mT`，或者在 einsum 里写 `...`。",
            "It is right with exactly one axis in front: swap the last two axes, `k.mT`, or write `...` in einsum.",
        ),
        "no_axis_in_front": (
            {"score": lambda q, k: q @ k.transpose(0, 1) / q.shape[-1] ** 0.5},
            "前面没有轴时才对：交换的应当是最后两个轴，`k.mT`。",
            "It is right without axes in front: swap the last two axes, `k.mT`.",
        ),
        "viewed_flat": (
            {
                "score": lambda q, k: (
                    q.view(-1, *q.shape[-2:]) @ k.view(-1, *k.shape[-2:]).mT / q.shape[-1] ** 0.5
                ).view(*q.shape[:-1], q.shape[-2])
            },
            "`view` 在不连续的输入上会报错：用 `reshape`，或者让 `@` 自己去管前面的轴。",
            "`view` fails on inputs that aren't contiguous: use `reshape`, or leave the axes in front to `@`.",
        ),
    },
)


def scaling_in_place(which: int, quiet: bool) -> Callable:
    def weights(q, k):
        with torch.set_grad_enabled(not quiet and torch.is_grad_enabled()):
            given = (q, k)[which]
            given /= q.shape[-1] ** 0.5
        return weighing(score=lambda q, k: q @ k.mT)(q, k)

    return weights


faults(
    "attention_pattern",
    scaling_in_place,
    {
        "q_divided_in_place": (
            {"which": 0, "quiet": False},
            "`q /= …` 就地改动了传入的 `q`：写 `q = q / …`。",
            "`q /= …` changes the `q` passed in: write `q = q / …`.",
        ),
        "q_divided_in_place_without_gradients": (
            {"which": 0, "quiet": True},
            "在 `no_grad` 之下就地改动了传入的 `q`：写 `q = q / …`，不需要 `no_grad`。",
            "The `q` passed in is changed in place under `no_grad`: write `q = q / …`, without `no_grad`.",
        ),
        "k_divided_in_place": (
            {"which": 1, "quiet": False},
            "`k /= …` 就地改动了传入的 `k`：写 `k = k / …`。",
            "`k /= …` changes the `k` passed in: write `k = k / …`.",
        ),
    },
)


PATTERN = weighing()


def heading(
    q=lambda x, W: x @ W[0], k=lambda x, W: x @ W[1], v=lambda x, W: x @ W[2], o=lambda z, W: z @ W[3],
    pattern=PATTERN, end=lambda x, out: out,
):  # fmt: skip
    def head(x, W_Q, W_K, W_V, W_O):
        W = (W_Q, W_K, W_V, W_O)
        return end(x, o(pattern(q(x, W), k(x, W)) @ v(x, W), W))

    return head


def averaging(q, k):
    return (torch.ones_like(q @ k.mT)).tril() / torch.arange(1, q.shape[-2] + 1, dtype=q.dtype)[:, None]


faults(
    "attention_head",
    heading,
    {
        "stream_added": (
            {"end": lambda x, out: x + out},
            "`x` 也加进去了：只返回头要加的那一份。",
            "`x` is added as well: return only what the head adds.",
        ),
        "keys_by_W_Q": (
            {"k": lambda x, W: x @ W[0]},
            "键也是用 $W_Q$ 读出来的。",
            "The keys are read by $W_Q$ as well.",
        ),
        "queries_by_W_K": (
            {"q": lambda x, W: x @ W[1]},
            "查询也是用 $W_K$ 读出来的。",
            "The queries are read by $W_K$ as well.",
        ),
        "swapped_Q_and_K": (
            {"q": lambda x, W: x @ W[1], "k": lambda x, W: x @ W[0]},
            "$W_Q$ 与 $W_K$ 用反了。",
            "$W_Q$ and $W_K$ are swapped.",
        ),
        "values_by_W_K": (
            {"v": lambda x, W: x @ W[1]},
            "值是用 $W_K$ 读出来的：应当用 $W_V$。",
            "The values are read by $W_K$: it should be $W_V$.",
        ),
        "O_as_V": (
            {"v": lambda x, W: x @ W[3].mT},
            "值是用 $W_O$ 读出来的：应当用 $W_V$。",
            "The values are read by $W_O$: it should be $W_V$.",
        ),
        "written_by_V": (
            {"o": lambda z, W: z @ W[2].mT},
            "写回去用的是 $W_V$ 的转置：应当用 $W_O$。",
            "It writes back by $W_V$ transposed: it should be $W_O$.",
        ),
        "head_unmasked": (
            {"pattern": weighing(mask=lambda s: s)},
            "没有掩码：每个位置都看见了后面。",
            "There is no mask: every position sees those after it.",
        ),
        "head_undivided": (
            {"pattern": weighing(score=lambda q, k: q @ k.mT)},
            "没有除以 $\\sqrt{d}$。",
            "It doesn't divide by $\\sqrt{d}$.",
        ),
        "pattern_transposed": (
            {"pattern": lambda q, k: weighing()(q, k).mT},
            "权重转置了：每个位置收到的应当是*自己*那一行的加权和。",
            "The weights are transposed: each position gets the sum weighted by *its own* row.",
        ),
        "every_score_equal": (
            {"pattern": averaging},
            "没有看分数：每个位置得到的都是平均。",
            "It ignores the scores: every position gets the mean.",
        ),
        "nothing_carried": (
            {"pattern": lambda q, k: torch.eye(q.shape[-2], dtype=q.dtype) + 0 * weighing()(q, k)},
            "每个位置只得到自己的值：没有乘权重。",
            "Each position gets its own value: the weights aren't used.",
        ),
        "cut_head": ({"end": lambda x, out: out.detach()}, *CUT),
        "cut_pattern": (
            {"pattern": lambda q, k: PATTERN(q, k).detach()},
            "权重从计算图上断开了：没有梯度到达 $W_Q$ 和 $W_K$。",
            "The weights are cut off from the graph: no gradient reaches $W_Q$ and $W_K$.",
        ),
        "cut_values": (
            {"v": lambda x, W: (x @ W[2]).detach()},
            "值从计算图上断开了：没有梯度到达 $W_V$。",
            "The values are cut off from the graph: no gradient reaches $W_V$.",
        ),
        "divided_twice": (
            {"q": lambda x, W: x @ W[0] / W[0].shape[1] ** 0.5},
            "除了两次 $\\sqrt{d}$：`attention_pattern` 里已经除过了。",
            "It divides by $\\sqrt{d}$ twice: `attention_pattern` has done so already.",
        ),
        "head_by_d_model": (
            {"q": lambda x, W: x @ W[0] * (W[0].shape[1] / W[0].shape[0]) ** 0.5},
            "除的是 `d_model` 的平方根：应当是 `d_head` 的。",
            "It divides by the root of `d_model`: it should be that of `d_head`.",
        ),
        "scores_raw": (
            {"pattern": weighing(soft=lambda s: s.masked_fill(later_than(s), 0))},
            "没有做 softmax：拿分数当了权重。",
            "There is no softmax: the scores are taken for weights.",
        ),
        "head_masked_after": (
            {"pattern": weighing(mask=lambda s: s, end=zeroed)},
            "掩码加在 softmax 之后：每行的和不是 1，后面的分数还留在分母里。",
            "The mask comes after softmax: rows don't sum to 1, and later scores remain in the denominator.",
        ),
        **{
            f"head_{name}": ({"pattern": weighing(**SCORES[name][0])}, *SCORES[name][1:])
            for name in (
                "masked_by_zero",
                "masked_by_minus_1000",
                "lowered_by_1000",
                "zero_times_infinity",
                "one_maximum",
                "shares_made_afterwards",
                "masks_itself",
                "sees_one_ahead",
                "masks_the_past",
                "softmax_over_queries",
            )
        },
        "head_overflows": ({"pattern": weighing(soft=with_overflow)}, *OVERFLOWS),
        "written_transposed": (
            {"o": lambda z, W: z @ W[3].mT},
            "$W_O$ 转置了：它已经是 `d_head d_model`。",
            "$W_O$ is transposed: it is `d_head d_model` already.",
        ),
        "head_with_one_axis": (
            {"o": lambda z, W: torch.einsum("bsd,dm->bsm", z, W[3])},
            "前面恰好有一个轴时才对：用 `@`，或者在 einsum 里写 `...`。",
            "It is right with exactly one axis in front: use `@`, or write `...` in einsum.",
        ),
    },
)


def crossing(
    qk=lambda q, k, v, o: q @ k.T / q.shape[1] ** 0.5, ov=lambda q, k, v, o: v @ o, end=lambda qk, ov: (qk, ov)
):
    def both(W_Q, W_K, W_V, W_O):
        return end(qk(W_Q, W_K, W_V, W_O), ov(W_Q, W_K, W_V, W_O))

    return both


faults(
    "circuits",
    crossing,
    {
        "QK_undivided": ({"qk": lambda q, k, v, o: q @ k.T}, "QK 没有除以 $\\sqrt{d}$。", "QK isn't divided by $\\sqrt{d}$."),
        "QK_divided_by_d": (
            {"qk": lambda q, k, v, o: q @ k.T / q.shape[1]},
            "QK 除的是 $d$：应当是它的平方根。",
            "QK is divided by $d$: it should be the root.",
        ),
        "QK_divided_by_d_model": (
            {"qk": lambda q, k, v, o: q @ k.T / q.shape[0] ** 0.5},
            "QK 除的是 `d_model` 的平方根：应当是 `d_head` 的。",
            "QK is divided by the root of `d_model`: it should be that of `d_head`.",
        ),
        "QK_by_a_whole_root": (
            {"qk": lambda q, k, v, o: q @ k.T / int(q.shape[1] ** 0.5)},
            "平方根取了整：$\\sqrt{3}$ 不是 1。",
            "The root is rounded down to an integer: $\\sqrt{3}$ isn't 1.",
        ),
        "QK_multiplied": (
            {"qk": lambda q, k, v, o: q @ k.T * q.shape[1] ** 0.5},
            "QK 乘了 $\\sqrt{d}$：应当除。",
            "QK is multiplied by $\\sqrt{d}$: it should be divided.",
        ),
        "QK_transposed": (
            {"qk": lambda q, k, v, o: k @ q.T / q.shape[1] ** 0.5},
            "QK 转置了：行属于查询一侧。",
            "QK is transposed: its rows are the side of the query.",
        ),
        "Q_with_V": (
            {"qk": lambda q, k, v, o: q @ v.T / q.shape[1] ** 0.5},
            "QK 里乘的是 $W_V$：应当是 $W_K$。",
            "QK has $W_V$ in it: it should be $W_K$.",
        ),
        "OV_transposed": (
            {"ov": lambda q, k, v, o: (v @ o).T},
            "OV 转置了：行是读进来的方向。",
            "OV is transposed: its rows are what is read.",
        ),
        "OV_divided": (
            {"ov": lambda q, k, v, o: v @ o / q.shape[1] ** 0.5},
            "OV 也除了 $\\sqrt{d}$：只有 QK 要除。",
            "OV is divided by $\\sqrt{d}$ as well: only QK is.",
        ),
        "K_with_O": (
            {"ov": lambda q, k, v, o: k @ o},
            "OV 里用的是 $W_K$：应当是 $W_V$。",
            "OV has $W_K$ in it: it should be $W_V$.",
        ),
        "swapped_circuits": ({"end": lambda qk, ov: (ov, qk)}, "两个回路的顺序反了：先 QK，后 OV。", "The circuits are in the wrong order: QK first, then OV."),
        "cut_circuits": ({"end": lambda qk, ov: (qk.detach(), ov.detach())}, *CUT),
    },
)  # fmt: skip


def circling(
    score=lambda x, QK: x @ QK @ x.mT, mask=masked, soft=lambda s: s.softmax(-1), end=lambda w: w,
    carry=lambda w, x, OV: w @ x @ OV,
):  # fmt: skip
    def head(x, QK, OV):
        return carry(end(soft(mask(score(x, QK)))), x, OV)

    return head


faults(
    "circuit_head",
    circling,
    {f"circuit_{name}": row for name, row in SCORES.items() if name not in ("masked_too_weakly", "hard_choice", "masked_by_minus_1000", "cut_weights")}
    | {
        "circuit_with_one_axis": (
            {"score": lambda x, QK: x @ QK @ x.transpose(1, 2)},
            "前面恰好有一个轴时才对：交换的应当是最后两个轴，`x.mT`。",
            "It is right with exactly one axis in front: swap the last two axes, `x.mT`.",
        ),
        "circuit_without_axes": (
            {"score": lambda x, QK: x @ QK @ x.transpose(0, 1)},
            "前面没有轴时才对：交换的应当是最后两个轴，`x.mT`。",
            "It is right without axes in front: swap the last two axes, `x.mT`.",
        ),
        "circuit_weights_detached": (
            {"end": lambda w: w.detach()},
            "权重从计算图上断开了：没有梯度到达 QK。",
            "The weights are cut off from the graph: no gradient reaches QK.",
        ),
        "circuit_head_detached": ({"carry": lambda w, x, OV: (w @ x @ OV).detach()}, *CUT),
        "divided_again": (
            {"score": lambda x, QK: x @ QK @ x.mT / x.shape[-1] ** 0.5},
            "又除了一次平方根：QK 里已经除过了。",
            "It divides by a root once more: that is in QK already.",
        ),
        "QK_from_the_key": (
            {"score": lambda x, QK: x @ QK.mT @ x.mT},
            "QK 转置了：行属于查询一侧。",
            "QK is transposed: its rows are the side of the query.",
        ),
        "OV_reversed": (
            {"carry": lambda w, x, OV: w @ x @ OV.mT},
            "OV 转置了：`x @ OV` 才是搬运的东西。",
            "OV is transposed: what is carried is `x @ OV`.",
        ),
        "stream_kept": (
            {"carry": lambda w, x, OV: x + w @ x @ OV},
            "`x` 也加进去了：只返回头要加的那一份。",
            "`x` is added as well: return only what the head adds.",
        ),
        "OV_forgotten": ({"carry": lambda w, x, OV: w @ x + 0 * OV.sum()}, "没有用 OV。", "OV isn't used."),
        "no_weights": ({"carry": lambda w, x, OV: x @ OV + 0 * w.sum()}, "没有用权重：每个位置只搬了自己。", "The weights aren't used: each position carries itself."),
        "QK_forgotten": ({"score": lambda x, QK: x @ x.mT + 0 * QK.sum()}, "没有用 QK：分数是 `x` 与自己的内积。", "QK isn't used: the scores are inner products of `x` with itself."),
    },
)  # fmt: skip

# Induction heads


def building(look, carry, end=lambda QK, OV: (QK, OV)):
    """`look` and `carry` fill the two circuits, given the four segments."""

    def make(n_vocab, n_ctx, strength):
        plots, width = parts(n_vocab, n_ctx), 3 * n_vocab + n_ctx
        QK, OV = torch.zeros(width, width), torch.zeros(width, width)
        look(QK, *plots, n_vocab, n_ctx, strength)
        carry(OV, *plots, n_vocab)
        return end(QK, OV)

    return make


def to_the_place_before(QK, token, previous, guess, position, n_vocab, n_ctx, strength):
    QK[position, position] = strength * torch.ones(n_ctx - 1).diag(-1)


def note_the_token(OV, token, previous, guess, position, n_vocab):
    OV[token, previous] = torch.eye(n_vocab)


def looking(f: Callable) -> Callable:
    """What fills the block of positions with f(n_ctx, strength)."""

    def look(QK, token, previous, guess, position, n_vocab, n_ctx, strength):
        QK[position, position] = f(n_ctx, strength)

    return look


def carrying(*places: int, but: bool = False, strong: float = 1) -> Callable:
    """What copies segment `places[0]` to segment `places[1]`; `but` the first token."""

    def carry(OV, *rest):
        *plots, n_vocab = rest
        OV[plots[places[0]], plots[places[1]]] = strong * torch.eye(n_vocab)
        if but:
            OV[plots[places[0]].start] = 0

    return carry


def previous_token(look: Callable = to_the_place_before, carry: Callable = note_the_token, **more: Any) -> Callable:
    return building(look, carry, **more)


def in_the_token_plot(QK, token, previous, guess, position, n_vocab, n_ctx, strength):
    QK[token, token] = strength * torch.ones(n_vocab - 1).diag(-1)


def whole_stream(OV, token, previous, guess, position, n_vocab):
    OV += torch.eye(len(OV))


faults(
    "previous_token_circuits",
    previous_token,
    {
        "looks_ahead": (
            {"look": looking(lambda n, s: s * torch.ones(n - 1).diag(1))},
            "看的是*后*一个：行是查询，第 $p$ 行的那一格在第 $p - 1$ 列。",
            "It looks at the place *after*: rows are queries, and the entry of row $p$ is in column $p - 1$.",
        ),
        "looks_at_itself": (
            {"look": looking(lambda n, s: s * torch.eye(n))},
            "每个位置看的是自己：要错开一格。",
            "Each position looks at itself: shift by one place.",
        ),
        "looks_two_back": (
            {"look": looking(lambda n, s: s * torch.ones(n, n).tril(-2).triu(-2))},
            "看的是前面第二个：只错开一格。",
            "It looks two places back: shift by one only.",
        ),
        "looks_at_all_before": (
            {"look": looking(lambda n, s: s * torch.ones(n, n).tril(-1))},
            "前面的每个位置都有分数：只有紧挨着的那一个才有。",
            "Every earlier position has the score: only the one just before should.",
        ),
        "wraps_to_the_end": (
            {"look": looking(lambda n, s: s * torch.eye(n).roll(1, dims=0))},
            "位置 0 也配上了，看的是最后一个位置：那一行应当全是 0。",
            "Position 0 is matched as well, with the last position: its row should be all 0.",
        ),
        "first_looks_at_itself": (
            {"look": looking(lambda n, s: s * torch.eye(n)[[max(p - 1, 0) for p in range(n)]])},
            "位置 0 看了自己：那一行应当全是 0。",
            "Position 0 looks at itself: its row should be all 0.",
        ),
        "last_looks_nowhere": (
            {"look": looking(lambda n, s: s * torch.ones(n - 1).diag(-1) * (torch.arange(n) < n - 1)[:, None])},
            "最后一个位置没有写：$p$ 一直到 `n_ctx - 1`。",
            "The last position is left out: $p$ goes up to `n_ctx - 1`.",
        ),
        "second_looks_nowhere": (
            {"look": looking(lambda n, s: s * torch.ones(n - 1).diag(-1) * (torch.arange(n) != 1)[:, None])},
            "位置 1 没有写：$p$ 从 1 开始。",
            "Position 1 is left out: $p$ begins at 1.",
        ),
        "strength_halved": (
            {"look": looking(lambda n, s: s / 2 * torch.ones(n - 1).diag(-1))},
            "分数是 `strength` 的一半。",
            "The score is half of `strength`.",
        ),
        "looks_both_ways": (
            {"look": looking(lambda n, s: s * (torch.ones(n - 1).diag(-1) + torch.ones(n - 1).diag(1)))},
            "前后两个位置都有分数：只要前面的。",
            "The places before and after both have the score: only the one before should.",
        ),
        "ignores_strength": (
            {"look": looking(lambda n, s: torch.ones(n - 1).diag(-1))},
            "分数是 1：没有用 `strength`。",
            "The score is 1: `strength` isn't used.",
        ),
        "positions_in_the_token_plot": (
            {"look": in_the_token_plot},
            "错开的对角线写在了 `token` 一块：要写在 `position` 一块。",
            "The shifted diagonal is in the segment `token`: it belongs in `position`.",
        ),
        "notes_to_token": (
            {"carry": carrying(0, 0)},
            "OV 写回了 `token` 一块：要写进 `previous`。",
            "OV writes into the segment `token`: it should write into `previous`.",
        ),
        "notes_to_guess": (
            {"carry": carrying(0, 2)},
            "OV 写进了 `guess` 一块：要写进 `previous`。",
            "OV writes into the segment `guess`: it should write into `previous`.",
        ),
        "reads_previous": (
            {"carry": carrying(1, 0)},
            "OV 反了：行是读的（`token`），列是写的（`previous`）。",
            "OV is the wrong way: rows are what is read (`token`), columns what is written (`previous`).",
        ),
        "carries_everything": (
            {"carry": whole_stream},
            "OV 把整个残差流原样搬了过来：只搬 `token`，写进 `previous`。",
            "OV carries over the whole residual stream: only `token` is carried, into `previous`.",
        ),
        "strong_notes": (
            {"carry": carrying(0, 1, strong=2)},
            "OV 里不是 1：要原样写进去。",
            "OV doesn't hold ones: it should write what it reads.",
        ),
        "skips_token_0": (
            {"carry": carrying(0, 1, but=True)},
            "词元 0 没有写：第一个头里没有例外。",
            "Token 0 isn't written: there is no exception in the first head.",
        ),
        "OV_before_QK": (
            {"end": lambda QK, OV: (OV, QK)},
            "顺序反了：先 QK，后 OV。",
            "The order is wrong: QK first, then OV.",
        ),
    },
)


TO_GUESS = carrying(0, 2, but=True)


def induction(
    match=(0, 1), rest=lambda QK, token, V, s: QK[token, 0].fill_(s / 2), carry=TO_GUESS, change=None,
    end=lambda QK, OV: (QK, OV),
):  # fmt: skip
    def look(QK, *more):
        *plots, n_vocab, _, strength = more
        QK[plots[match[0]], plots[match[1]]] = strength * torch.eye(n_vocab)
        rest(QK, plots[0], n_vocab, strength)
        if change:
            change(QK, plots, n_vocab, strength)

    return building(look, carry, end=end)


def rest_from_1(QK, token, V, s):
    QK[1:V, 0] = s / 2


def rest_in_a_row(QK, token, V, s):
    QK[0, token] += s / 2


def forgets_match_of_0(QK, plots, V, s):
    QK[0, V] = 0


def match_of_1(QK, plots, V, s):
    QK[plots[0], plots[1]] = torch.eye(V)


faults(
    "induction_circuits",
    induction,
    {
        "no_place_to_rest": (
            {"rest": lambda QK, token, V, s: None},
            "没有歇脚的地方：词元 0 的那一列应当有 `strength / 2`。",
            "There is no place to rest: the column of token 0 should hold `strength / 2`.",
        ),
        "rests_too_strongly": (
            {"rest": lambda QK, token, V, s: QK[token, 0].fill_(s)},
            "歇脚的分数与找到时一样高：应当是一半。",
            "Resting scores as high as a find: it should be half.",
        ),
        "rests_on_a_whole_number": (
            {"rest": lambda QK, token, V, s: QK[token, 0].fill_(s // 2)},
            "一半取了整：`strength / 2`，不是 `//`。",
            "The half is rounded down to an integer: `strength / 2`, not `//`.",
        ),
        "every_row_rests": (
            {"rest": lambda QK, token, V, s: QK[:, 0].fill_(s / 2)},
            "整列都写了 `strength / 2`：只有 `token` 一块的行才要。",
            "The whole column holds `strength / 2`: only the rows of the segment `token` should.",
        ),
        "rest_is_a_half": (
            {"rest": lambda QK, token, V, s: QK[token, 0].fill_(0.5)},
            "歇脚的分数是 0.5：没有用 `strength`。",
            "Resting has the score 0.5: `strength` isn't used.",
        ),
        "rests_once": (
            {"rest": lambda QK, token, V, s: QK[0, :1].fill_(s / 2)},
            "只有词元 0 的查询能歇脚：每个词元都要有。",
            "Only the query of token 0 can rest: every token should.",
        ),
        "rests_in_a_row": (
            {"rest": rest_in_a_row},
            "歇脚的分数写成了一行：查询是任何词元（各行），键是词元 0（一列）。",
            "The place to rest is written as a row: queries are any token (all rows), the key is token 0 (one column).",
        ),
        "rests_after_BOS": (
            {"rest": lambda QK, token, V, s: QK[token, V].add_(s / 2)},
            "歇脚处认的是“前一个是 0”的键：应当是词元*就是* 0 的键。",
            "It rests on keys whose token before was 0: it should be the key whose token *is* 0.",
        ),
        "BOS_has_no_rest": (
            {"rest": rest_from_1},
            "词元 0 的查询没有歇脚的分数：任何词元都有，0 也在内。",
            "The query of token 0 has no score for resting: every token has it, also 0.",
        ),
        "finds_itself": (
            {"match": (0, 0), "rest": lambda QK, token, V, s: QK[token, 0].add_(s / 2)},
            "配的是*同样的词元*：应当与“前一个是它”的键相配，看的是它后面一格。",
            "It matches *the same token*: it should match keys whose token before it was, one place later.",
        ),
        "previous_asks": (
            {"match": (1, 0)},
            "QK 反了：查询读 `token`（行），键读 `previous`（列）。",
            "QK is the wrong way: queries read `token` (rows), keys read `previous` (columns).",
        ),
        "matches_notes": (
            {"match": (1, 1)},
            "查询也读了 `previous`：它应当读 `token`。",
            "The query reads `previous` as well: it should read `token`.",
        ),
        "match_of_0_missing": (
            {"change": forgets_match_of_0},
            "词元 0 没有配对：每个 $t$ 都要配，0 也在内。",
            "Token 0 isn't matched: every $t$ is, also 0.",
        ),
        "match_of_strength_1": (
            {"change": match_of_1},
            "配上的分数是 1：没有用 `strength`。",
            "A match has the score 1: `strength` isn't used.",
        ),
        "BOS_is_carried": (
            {"carry": carrying(0, 2)},
            "词元 0 也写进了 `guess`：它什么也不写。",
            "Token 0 is written into `guess` as well: it should write nothing.",
        ),
        "carries_notes": (
            {"carry": carrying(1, 2, but=True)},
            "OV 读的是 `previous`：应当读 `token`。",
            "OV reads `previous`: it should read `token`.",
        ),
        "writes_over_token": (
            {"carry": carrying(0, 0, but=True)},
            "OV 写回了 `token` 一块：要写进 `guess`。",
            "OV writes into the segment `token`: it should write into `guess`.",
        ),
        "writes_notes": (
            {"carry": carrying(0, 1, but=True)},
            "OV 写进了 `previous` 一块：要写进 `guess`。",
            "OV writes into the segment `previous`: it should write into `guess`.",
        ),
        "guesses_are_read": (
            {"carry": carrying(2, 0, but=True)},
            "OV 反了：行是读的（`token`），列是写的（`guess`）。",
            "OV is the wrong way: rows are what is read (`token`), columns what is written (`guess`).",
        ),
        "OV_comes_first": (
            {"end": lambda QK, OV: (OV, QK)},
            "顺序反了：先 QK，后 OV。",
            "The order is wrong: QK first, then OV.",
        ),
    },
)

# Learning from rewards


def exactly(
    soft=lambda x: x.softmax(0), mean=lambda p, m: p @ m, of=lambda p, m, J: p * (m - J), prepare=lambda x: x.detach()
):
    def gradient(logits, means):
        p = soft(prepare(logits))
        return of(p, means, mean(p, means))

    return gradient


faults(
    "reward_gradient",
    exactly,
    {
        "without_J": ({"mean": lambda p, m: 0.0}, "没有减去 $J$：平均奖励为正的手臂都在升，比 $J$ 差的也一样。", "It doesn't subtract $J$: every arm with a positive mean goes up, also those worse than $J$."),
        "without_p": ({"of": lambda p, m, J: m - J}, "没有乘 $p_a$。", "It doesn't multiply by $p_a$."),
        "downhill": ({"of": lambda p, m, J: p * (J - m)}, "符号反了：奖励要变大，梯度指向上坡。", "The sign is reversed: the reward should grow, and the gradient points uphill."),
        "plain_mean": ({"mean": lambda p, m: m.mean()}, "$J$ 是按概率加权的平均，不是各手臂的普通平均。", "$J$ is the mean weighted by the probabilities, not the plain mean of the arms."),
        "diagonal_only": ({"of": lambda p, m, J: p * (1 - p) * m}, "只算了雅可比的对角线：一个 logit 升高，别的概率都会降。", "Only the diagonal of the Jacobian is there: when a logit goes up, all other probabilities go down."),
        "of_probabilities": ({"of": lambda p, m, J: m + 0 * J}, "这是对概率的梯度：要对 logits 的。", "This is the gradient with respect to the probabilities: the logits are wanted."),
        "p_squared": ({"of": lambda p, m, J: p**2 * (m - J)}, "乘了两次 $p_a$。", "It multiplies by $p_a$ twice."),
        "of_ln_J": ({"of": lambda p, m, J: p * (m - J) / J}, "这是 $\\ln J$ 的梯度：多除了一个 $J$。", "This is the gradient of $\\ln J$: there is one division by $J$ too many."),
        "logits_for_p": ({"soft": lambda x: x}, "没有做 softmax：把 logits 当成了概率。", "There is no softmax: the logits are taken for probabilities."),
        "overflowing_p": ({"soft": lambda x: with_overflow(x, 0)}, *OVERFLOWS),
        "keeps_graph": ({"prepare": lambda x: x}, *KEEPS),
    },
)  # fmt: skip


def backward_on_the_logits(value: Callable) -> Callable:
    """What wants gradients of the logits that are passed in, and takes them there."""

    def gradient(logits, *rest, **more):
        logits.requires_grad_(True)
        logits.grad = None
        value(logits, *rest, **more).backward()
        return logits.grad.clone()  # type: ignore

    return gradient


LEFT_BEHIND = (
    "在传入的 `logits` 上求梯度，`requires_grad` 和 `.grad` 都留在了它上面：先 `detach().clone()`。",
    "Gradients are taken on the `logits` passed in, and leave `requires_grad` and a `.grad` there: `detach().clone()` first.",
)
faults(
    "reward_gradient",
    backward_on_the_logits,
    {"leaves_a_gradient": ({"value": lambda x, m: x.softmax(0) @ m}, *LEFT_BEHIND)},
)


def sampling(
    soft=lambda x: x.softmax(0),
    score=lambda hot, p: hot - p,
    gain=lambda r, b: r - b,
    end=lambda g, r: (r[:, None] * g).mean(0),
    prepare=lambda x: x.detach(),
    cast=lambda r, p: r.to(p.dtype),
    hot=F.one_hot,
):
    def gradient(logits, actions, rewards, baseline=0.0):
        p = soft(prepare(logits))
        return end(score(hot(actions, len(p)).to(p.dtype), p), gain(cast(rewards, p), baseline))

    return gradient


faults(
    "reinforce_gradient",
    sampling,
    {
        "summed": ({"end": lambda g, r: (r[:, None] * g).sum(0)}, "求的是和：要对这一批求平均。", "It takes the sum: the mean over the batch is wanted."),
        "mean_over_arms": ({"end": lambda g, r: (r[:, None] * g).sum(0) / g.shape[1]}, "除的是手臂的个数：应当是样本的个数。", "It divides by the number of arms: it should be the number of samples."),
        "descends": ({"end": lambda g, r: -(r[:, None] * g).mean(0)}, "符号反了：奖励要变大，不是变小。", "The sign is reversed: rewards should grow, not shrink."),
        "one_hot_only": ({"score": lambda hot, p: hot}, "没有减去 $p$：$\\ln p_a$ 对 logits 的梯度是 $e_a - p$。", "It doesn't subtract $p$: the gradient of $\\ln p_a$ with respect to the logits is $e_a - p$."),
        "p_added": ({"score": lambda hot, p: hot + p}, "$p$ 加上去了：应当减。", "$p$ is added: it should be subtracted."),
        "p_first": ({"score": lambda hot, p: hot * (1 - p)}, "只动了抽到的手臂：别的手臂要减去 $p$。", "It moves the arm drawn only: the others get minus $p$."),
        "gradient_of_p": ({"score": lambda hot, p: (hot * p).sum(1, keepdim=True) * (hot - p)}, "多乘了 $p_a$：要的是 $\\ln p_a$ 的梯度，抽样已经按 $p_a$ 加了权。", "There is a $p_a$ too many: it is the gradient of $\\ln p_a$, and drawing has weighted by $p_a$ already."),
        "divided_by_p": ({"score": lambda hot, p: hot / p - 1}, "多除了一个 $p$：对 logits 的梯度是 $e_a - p$，不再除。", "It is divided by $p$ once too often: with respect to the logits the gradient is $e_a - p$."),
        "baseline_added": ({"gain": lambda r, b: r + b}, "基线加上去了：应当减。", "The baseline is added: it should be subtracted."),
        "baseline_ignored": ({"gain": lambda r, b: r}, "没有用基线。", "The baseline isn't used."),
        "batch_mean_as_baseline": ({"gain": lambda r, b: r - r.mean()}, "减去的是这一批的平均奖励：应当是 `baseline`。", "It subtracts the mean reward of the batch: it should be `baseline`."),
        "normalised_rewards": ({"gain": lambda r, b: (r - b) / (r.std(correction=0) + 1e-8)}, "奖励还除了标准差：题目没有这一步。", "The rewards are divided by their standard deviation, too: that isn't asked for."),
        "standardised_rewards": ({"gain": lambda r, b: (r - b) / (r.std() + 1e-8)}, "奖励还除了标准差：题目没有这一步，只有一个样本时还成了 `nan`。", "The rewards are divided by their standard deviation: that isn't asked for, and a single sample gives `nan`."),
        "whitened_rewards": ({"gain": lambda r, b: (r - r.mean()) / (r.std() + 1e-8)}, "奖励减了这一批的平均，还除了标准差：应当只减 `baseline`。", "The rewards have the batch's mean taken off and are divided by their standard deviation: subtract `baseline` alone."),
        "of_the_rewards_dtype": ({"end": lambda g, r: (r[:, None] * g).mean(0), "cast": lambda r, p: r}, "结果的类型跟着奖励走：应当与 `logits` 相同。", "The dtype of the result follows the rewards: it should be that of `logits`."),
        "classes_not_told": ({"hot": lambda a, n: F.one_hot(a)}, "`F.one_hot` 没有写手臂的个数：最后几个手臂没抽到时，就少了几列。", "`F.one_hot` isn't told the number of arms: where the last ones weren't drawn, columns are missing."),
        "means_multiplied": ({"end": lambda g, r: r.mean() * g.mean(0)}, "先各自平均再相乘：哪个奖励属于哪个动作就丢了。", "The means are multiplied: which reward belongs to which action is lost."),
        "logits_are_p": ({"soft": lambda x: x}, "没有做 softmax：把 logits 当成了概率。", "There is no softmax: the logits are taken for probabilities."),
        "p_overflows": ({"soft": lambda x: with_overflow(x, 0)}, *OVERFLOWS),
        "still_in_graph": ({"prepare": lambda x: x}, *KEEPS),
    },
)  # fmt: skip

faults(
    "reinforce_gradient",
    backward_on_the_logits,
    {
        "gradient_left_behind": (
            {"value": lambda x, a, r, baseline=0.0: ((r - baseline) * x.log_softmax(0)[a]).mean()},
            *LEFT_BEHIND,
        )
    },
)


def in_two_parts(first: Callable, second: Callable, index: bool = False) -> Callable:
    """The part of the arm drawn, with the gain `first`, less that of the probabilities, with `second`."""

    def gradient(logits, actions, rewards, baseline=0.0):
        p, r = logits.detach().softmax(0), rewards.to(logits.dtype)
        drawn = torch.zeros_like(p)
        if index:
            drawn[actions] += first(r, baseline)
        else:
            drawn = drawn.index_add(0, actions, first(r, baseline))
        return (drawn - second(r, baseline).sum() * p) / len(actions)

    return gradient


faults(
    "reinforce_gradient",
    in_two_parts,
    {
        "baseline_for_p_only": (
            {"first": lambda r, b: r, "second": lambda r, b: r - b},
            "基线只在带 $p$ 的一项里减了：$(r - b)$ 要乘整个 $e_a - p$。",
            "The baseline is subtracted in the term with $p$ only: $(r - b)$ multiplies all of $e_a - p$.",
        ),
        "baseline_for_the_arm_only": (
            {"first": lambda r, b: r - b, "second": lambda r, b: r},
            "基线只在带 $e_a$ 的一项里减了：$(r - b)$ 要乘整个 $e_a - p$。",
            "The baseline is subtracted in the term with $e_a$ only: $(r - b)$ multiplies all of $e_a - p$.",
        ),
        "each_arm_once": (
            {"first": lambda r, b: r - b, "second": lambda r, b: r - b, "index": True},
            "`g[actions] += …` 里，同一个手臂抽到几次都只算一次：用 `index_add`，或者独热向量。",
            "In `g[actions] += …` an arm counts once, however often it was drawn: use `index_add`, or one-hot vectors.",
        ),
    },
)


def rewards_changed(logits, actions, rewards, baseline=0.0):
    rewards -= baseline
    return sampling()(logits, actions, rewards)


mistake(
    "reinforce_gradient",
    zh="`rewards -= …` 就地改动了传入的 `rewards`：写 `rewards - …`。",
    en="`rewards -= …` changes the `rewards` passed in: write `rewards - …`.",
)(rewards_changed)

# What a state is worth


def solving(left=lambda eye, P, g: eye - g * P, right=lambda r, P, g: r):
    def values(transitions, rewards, gamma=1.0):
        eye = torch.eye(len(rewards), dtype=rewards.dtype)
        return torch.linalg.solve(left(eye, transitions, gamma), right(rewards, transitions, gamma))

    return values


def sweeping(sweeps, gamma_of=lambda g: g):
    def values(transitions, rewards, gamma=1.0):
        v = torch.zeros_like(rewards)
        for _ in range(sweeps):
            v = rewards + gamma_of(gamma) * transitions @ v
        return v

    return values


faults(
    "policy_values",
    solving,
    {
        "discount_ignored": ({"left": lambda eye, P, g: eye - (0.999 if g else 1) * P}, "没有用 `gamma`：以后的奖励照原样算。", "`gamma` isn't used: later rewards count in full."),
        "transposed_P": ({"left": lambda eye, P, g: eye - g * P.T}, "$P$ 转置了：行是现在，列是下一步。", "$P$ is transposed: rows are now, columns one step later."),
        "plus_P": ({"left": lambda eye, P, g: eye + g * P}, "移项时符号没变：是 $I - \\gamma P$。", "The sign didn't change when the term moved to the other side: it is $I - \\gamma P$."),
        "discounted_reward": ({"right": lambda r, P, g: g * r}, "这一步的奖励也打了折：只有以后的才打。", "The reward of this step is discounted as well: only later ones are."),
        "reward_on_arrival": ({"right": lambda r, P, g: P @ r}, "算的是走到那里的奖励：`rewards` 是从这里走一步的奖励。", "It counts the rewards of the next state: `rewards` are those of a step from here."),
        "discount_squared": ({"left": lambda eye, P, g: eye - g**2 * P}, "每步打了两次折。", "Each step is discounted twice."),
        "costs_negated": ({"right": lambda r, P, g: -r}, "符号反了：算出的是价值的相反数。", "The sign is reversed: it gives the negative of the values."),
        "identity_scaled": ({"left": lambda eye, P, g: eye / (g or 1) - P}, "方程乘错了一边：左边除了 $\\gamma$，右边没有。", "Only one side of the equation is divided by $\\gamma$."),
    },
)  # fmt: skip

faults(
    "policy_values",
    sweeping,
    {
        "no_look_ahead": ({"sweeps": 1}, "只算了这一步的奖励。", "Only the reward of this step counts."),
        "two_steps": ({"sweeps": 2}, "只往前看了两步。", "It looks two steps ahead only."),
        **{
            f"sweeps_{n}": (
                {"sweeps": n},
                f"固定扫 {n} 遍不够：一局平均要走很多步时，还没有收敛。",
                f"A fixed number of {n} sweeps is too few: where episodes are long, it hasn't converged.",
            )
            for n in (10, 20, 50, 100, 200, 300, 500, 1000)
        },
    },
)


def impatient(least: float) -> Callable:
    """Sweeps until the values change by less than `least`."""

    def values(transitions, rewards, gamma=1.0):
        v = torch.zeros_like(rewards)
        while True:
            new = rewards + gamma * transitions @ v
            if (new - v).abs().max() < least:
                return new
            v = new

    return values


faults(
    "policy_values",
    impatient,
    {
        f"stops_at_{name}": (
            {"least": least},
            f"一遍改动不到 {least} 就停了：收敛很慢时，离极限还远。",
            f"It stops once a sweep changes less than {least}: where sweeps converge slowly, that is far from the limit.",
        )
        for name, least in (
            ("a_tenth", 0.1),
            ("a_hundredth", 0.01),
            ("five_thousandths", 0.005),
            ("a_thousandth", 1e-3),
        )
    },
)
faults(
    "policy_values",
    solving,
    {
        f"diagonal_more_by_1e_{digits}": (
            {"left": lambda eye, P, g, more=10.0**-digits: (1 + more) * eye - g * P},
            f"对角线上多加了 1e-{digits}：矩阵本来就可逆，这样反而不准。",
            f"1e-{digits} is added to the diagonal: the matrix is invertible as it is, and this makes it inaccurate.",
        )
        for digits in (2, 3, 4, 5)
    },
)


@mistake(
    "policy_values",
    zh="奖励为 0 的状态被当成了结束的状态：那一行 $P$ 全是 0 的才是。",
    en="States with a reward of 0 are taken for the end: only a row of $P$ that is all 0 is one.",
)
def reward_of_zero_for_the_end(transitions, rewards, gamma=1.0):
    return solutions.policy_values(transitions, rewards, gamma).where(rewards != 0, 0.0)


@mistake(
    "policy_values",
    zh="就地改动了传入的 `transitions`：写 `eye - gamma * transitions`，得到新的矩阵。",
    en="The `transitions` passed in are changed in place: `eye - gamma * transitions` makes a new matrix.",
)
def built_in_place(transitions, rewards, gamma=1.0):
    left = transitions.mul_(-gamma)
    left.diagonal().add_(1)
    return torch.linalg.solve(left, rewards)


# Where a concept lives


def probing(
    score=lambda a, y: (a[y].mean(0) - a[~y].mean(0)).abs() / a.std(0, correction=0),
    tame=lambda s: s.nan_to_num(0, 0, 0),
    keep=lambda s, k: s.topk(k).indices,
    target=lambda y: 2.0 * y - 1,
    bias=True,
    end=lambda w, b, kept, fit: (w, b),
    place=lambda kept: kept,
):
    def probe(given, positive, k):
        acts = given.double()
        kept = keep(tame(score(acts, positive)), k)
        centre = acts.mean(0) if bias else torch.zeros_like(acts[0])
        columns = [(acts - centre)[:, kept]] + ([torch.ones_like(acts[:, :1])] if bias else [])
        aim = target(positive)[:, None].to(acts.dtype)
        fit = torch.linalg.lstsq(torch.cat(columns, dim=1), aim, driver="gelsd").solution[:, 0]
        weight = torch.zeros_like(acts[0])
        weight[place(kept)] = fit[: len(kept)]
        w, b = end(weight, (fit[-1] if bias else 0 * fit[0]) - centre @ weight, kept, fit)
        return w.to(given.dtype), b.to(given.dtype) if torch.is_tensor(b) else b

    return probe


def packed(w, b, kept, fit):
    first = torch.zeros_like(w)
    first[: len(kept)] = w[kept]
    return first, b


def sorted_back(w, b, kept, fit):
    moved = torch.zeros_like(w)
    moved[kept.sort().values] = w[kept]
    return moved, b


faults(
    "sparse_probe",
    probing,
    {
        "signed_gap": ({"score": lambda a, y: (a[y].mean(0) - a[~y].mean(0)) / a.std(0, correction=0)}, "差没有取绝对值：在正例上*变小*的通道一样有用。", "The difference has no absolute value: a channel that is *lower* on the positives is as useful."),
        "gap_alone": ({"score": lambda a, y: (a[y].mean(0) - a[~y].mean(0)).abs()}, "没有除以标准差：数值大的通道占了便宜。", "It doesn't divide by the standard deviation: channels of large values win."),
        "by_variance": ({"score": lambda a, y: (a[y].mean(0) - a[~y].mean(0)).abs() / a.var(0, correction=0)}, "除的是方差：应当是标准差。", "It divides by the variance: it should be the standard deviation."),
        "gap_from_zero": ({"score": lambda a, y: a[y].mean(0).abs() / a.std(0, correction=0)}, "只看了正例的均值：要看两组之差。", "It looks at the mean of the positives alone: it should be the difference of the groups."),
        "std_of_negatives": ({"score": lambda a, y: (a[y].mean(0) - a[~y].mean(0)).abs() / a[~y].std(0, correction=0)}, "标准差只取了负例的：应当取全部样本的。", "The standard deviation is that of the negatives alone: it should be that of all samples."),
        "std_of_positives": ({"score": lambda a, y: (a[y].mean(0) - a[~y].mean(0)).abs() / a[y].std(0, correction=0)}, "标准差只取了正例的：应当取全部样本的。", "The standard deviation is that of the positives alone: it should be that of all samples."),
        "stds_of_groups_added": ({"score": lambda a, y: (a[y].mean(0) - a[~y].mean(0)).abs() / (a[y].std(0) + a[~y].std(0))}, "除的是两组各自的标准差之和：应当是全部样本的标准差。", "It divides by the sum of the groups' standard deviations: it should be that of all samples."),
        "stds_of_groups": ({"score": lambda a, y: (a[y].mean(0) - a[~y].mean(0)).abs() / (a[y].var(0) + a[~y].var(0)).sqrt()}, "用的是两组各自的方差：应当取全部样本的标准差。", "It uses the variances within the groups: it should be the standard deviation of all samples."),
        **{
            f"std_more_by_{name}": ({"score": lambda a, y, more=more: (a[y].mean(0) - a[~y].mean(0)).abs() / (a.std(0, correction=0) + more)}, f"标准差上多加了 {more}：数值小的通道，分数就太低了。", f"{more} is added to the standard deviation: channels with small values get too low a score.")
            for name, more in (("1", 1), ("a_tenth", 0.1), ("a_hundredth", 0.01))
        },
        "spread_alone": ({"score": lambda a, y: a.std(0, correction=0)}, "选的是变化最大的通道，没有看两组的差别。", "It keeps the channels that vary most, and ignores the groups."),
        "worst_kept": ({"keep": lambda s, k: s.topk(k, largest=False).indices}, "留下的是分数最低的通道。", "It keeps the channels with the lowest scores."),
        "first_kept": ({"keep": lambda s, k: torch.arange(k)}, "留下的是前 `k` 个通道，没有看分数。", "It keeps the first `k` channels, whatever their scores."),
        "one_too_few_kept": ({"keep": lambda s, k: s.topk(max(k - 1, 1)).indices}, "少留了一个通道。", "It keeps one channel too few."),
        "one_too_many_kept": ({"keep": lambda s, k: s.topk(min(k + 1, len(s))).indices}, "多留了一个通道。", "It keeps one channel too many."),
        "all_kept": ({"keep": lambda s, k: s.topk(len(s)).indices}, "用上了所有通道：只许用 `k` 个。", "It uses all channels: only `k` are allowed."),
        "constant_kept": ({"tame": lambda s: s}, "不变的通道得了 `nan`，排在最前面：它的分数应当是 0。", "A channel that never changes gets `nan`, which comes first: its score should be 0."),
        "zero_and_one": ({"target": lambda y: 1.0 * y}, "拟合的目标是 0 和 1：应当是 −1 和 +1。", "It fits to 0 and 1: it should be −1 and +1."),
        "reversed_target": ({"target": lambda y: 1 - 2.0 * y}, "目标的符号反了：正例是 +1。", "The targets have the wrong sign: positives are +1."),
        "without_bias": ({"bias": False}, "拟合里没有常数项。", "The fit has no constant."),
        "bias_dropped": ({"end": lambda w, b, kept, fit: (w, 0 * b)}, "拟合了常数项，返回的 `bias` 却是 0。", "The constant is fitted, but the `bias` returned is 0."),
        "bias_of_centred": ({"end": lambda w, b, kept, fit: (w, fit[-1])}, "`bias` 是减去均值之后的：没有换算回原来的激活。", "The `bias` belongs to activations minus their mean: it isn't brought back."),
        "bias_with_an_axis": ({"end": lambda w, b, kept, fit: (w, b[None])}, "`bias` 还有一个长为 1 的轴：它没有轴。", "The `bias` still has an axis of length 1: it should have none."),
        "bias_as_a_number": ({"end": lambda w, b, kept, fit: (w, float(b))}, "`bias` 是 Python 的数：应当是没有轴的张量。", "The `bias` is a plain Python number: it should be a tensor without axes."),
        "kept_weights_alone": ({"end": lambda w, b, kept, fit: (w[kept], b)}, "`weight` 只有 `k` 个数：应当每个通道一个，没选中的是 0。", "The `weight` has `k` numbers only: each channel has one, 0 where it wasn't kept."),
        "weights_packed": ({"end": packed}, "权重堆在了最前面：要放回选中的通道。", "The weights are put in the first places: they belong to the channels kept."),
        "weights_shuffled_before_the_bias": ({"place": lambda kept: kept.sort().values}, "权重放错了通道，`bias` 也跟着错了：`topk` 是按分数排的，不是按编号。", "The weights are at the wrong channels, and the `bias` is wrong with them: `topk` is in order of scores, not of numbers."),
        "weights_shuffled": ({"end": sorted_back}, "权重放错了通道：`topk` 是按分数排的，不是按编号。", "The weights are at the wrong channels: `topk` is in order of scores, not of numbers."),
    },
)  # fmt: skip


def fitting_all(bias_of: Callable, raw: bool = False) -> Callable:
    """Fits all channels, `raw` as they are, and leaves the weights of `k`; `bias_of(bias, weight, centre, y)`."""

    def probe(acts, positive, k):
        if raw:
            columns = torch.cat([acts, torch.ones_like(acts[:, :1])], dim=1)
            fit = torch.linalg.lstsq(columns, 2 * positive[:, None].to(acts.dtype) - 1).solution[:, 0].double()
            whole, bias = fit[:-1], fit[-1]
        else:
            whole, bias = probing(keep=lambda s, k: torch.arange(len(s)))(acts.double(), positive, k)
        kept = probing_score(acts.double(), positive).topk(k).indices
        weight = torch.zeros_like(whole).index_copy(0, kept, whole[kept])
        bias = bias_of(bias, weight, acts.double().mean(0), 2.0 * positive.double() - 1)
        return weight.to(acts.dtype), bias.to(acts.dtype)

    return probe


def probing_score(a, y):
    return ((a[y].mean(0) - a[~y].mean(0)).abs() / a.std(0)).nan_to_num(0, 0, 0)


def normal_equations(solved: Callable) -> Callable:
    """Least squares by `X.T @ X`, with channels as they are."""

    def probe(acts, positive, k):
        kept = probing_score(acts.double(), positive).topk(k).indices
        X = torch.cat([acts[:, kept], torch.ones_like(acts[:, :1])], dim=1)
        fit = solved(X.T @ X, X.T @ torch.where(positive, 1.0, -1.0).to(acts.dtype))
        return torch.zeros_like(acts[0]).index_copy(0, kept, fit[:-1]), fit[-1]

    return probe


faults(
    "sparse_probe",
    fitting_all,
    {
        "fitted_with_all": (
            {"bias_of": lambda b, w, centre, y: b},
            "拟合用了所有通道，再留下 `k` 个权重：只在选中的通道上拟合。",
            "It fits on all channels, and then leaves `k` of the weights: fit on the channels kept alone.",
        ),
        "fitted_with_all_as_they_are": (
            {"bias_of": lambda b, w, centre, y: b, "raw": True},
            "拟合用了所有通道，连不变的也在内，再留下 `k` 个权重：只在选中的通道上拟合。",
            "It fits on all channels, those that never change among them, and then leaves `k` of the weights: fit on the channels kept alone.",
        ),
        "fitted_with_all_but_the_bias": (
            {"bias_of": lambda b, w, centre, y: y.mean() - centre @ w},
            "权重是用所有通道拟合的，只有 `bias` 重算过：权重也只在选中的通道上拟合。",
            "The weights are fitted on all channels, and only the `bias` is worked out anew: fit the weights on the channels kept, too.",
        ),
    },
)
faults(
    "sparse_probe",
    normal_equations,
    {
        f"squared_by_{name}": (
            {"solved": solved},
            f"`{name}` 用在 `X.T @ X` 上：通道离 0 很远时，`float32` 的位数不够。先减去均值，或者用 `lstsq`。",
            f"`{name}` is used on `X.T @ X`: for channels far from 0, `float32` hasn't enough digits for it. Subtract the mean first, or use `lstsq`.",
        )
        for name, solved in (
            ("pinv", lambda A, b: torch.linalg.pinv(A) @ b),
            ("inv", lambda A, b: torch.linalg.inv(A) @ b),
            ("solve", torch.linalg.solve),
        )
    },
)

# A transformer block


class Faulty(solutions.Block):
    """A block with a choice of faults."""

    split = "batch seq (head d) -> batch head seq d"
    join = "batch head seq d -> batch seq (head d)"

    def attend(self, read, keys_by=None):
        """The first branch."""
        layers = self.query, keys_by or self.key, self.value
        q, k, v = (einops.rearrange(f(read), self.split, head=self.n_heads) for f in layers)
        return self.output(einops.rearrange(self.pattern(q, k) @ v, self.join))

    def pattern(self, q, k):
        return weighing()(q, k)

    def think(self, x):
        """The second branch."""
        return self.down(F.relu(self.up(self.norm2(x))))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.think(x)


@mistake(
    "Block",
    zh="归一化放在了相加之后：它应当在每一支的开头。",
    en="Layer norm comes after the sum: it belongs at the beginning of each branch.",
)
class NormsAfterwards(Faulty):
    def forward(self, x):
        x = self.norm1(x + self.attend(x))
        return self.norm2(x + self.down(F.relu(self.up(x))))


@mistake(
    "Block",
    zh="注意力的结果没有加到 `x` 上，而是取代了它。",
    en="What attention gives takes the place of `x`, and isn't added to it.",
)
class NoFirstShortcut(Faulty):
    def forward(self, x):
        x = self.attend(self.norm1(x))
        return x + self.think(x)


@mistake(
    "Block",
    zh="小网络的结果没有加到残差流上，而是取代了它。",
    en="What the small network gives takes the place of the residual stream, and isn't added to it.",
)
class NoSecondShortcut(Faulty):
    def forward(self, x):
        return self.think(x + self.attend(self.norm1(x)))


@mistake(
    "Block",
    zh="两支读的都是原来的 `x`：第二支要读加过第一支之后的残差流。",
    en="Both branches read the original `x`: the second reads the stream after the first was added.",
)
class SideBySide(Faulty):
    def forward(self, x):
        return x + self.attend(self.norm1(x)) + self.think(x)


@mistake(
    "Block",
    zh="加回去的是归一化之后的 `x`：残差流本身不归一化。",
    en="The normalised `x` is what is added to: the residual stream itself isn't normalised.",
)
class NormalisedStream(Faulty):
    def forward(self, x):
        x = self.norm1(x)
        x = x + self.attend(x)
        return x + self.think(x)


@mistake("Block", zh="注意力之前没有归一化。", en="There is no layer norm before attention.")
class NoFirstNorm(Faulty):
    def forward(self, x):
        x = x + self.attend(x)
        return x + self.think(x)


@mistake("Block", zh="小网络之前没有归一化。", en="There is no layer norm before the small network.")
class NoSecondNorm(Faulty):
    def think(self, x):
        return self.down(F.relu(self.up(x)))


@mistake("Block", zh="两处用的都是 `norm1`。", en="`norm1` is used in both places.")
class OneNormForBoth(Faulty):
    def think(self, x):
        return self.down(F.relu(self.up(self.norm1(x))))


@mistake(
    "Block",
    zh="两支的顺序反了：先注意力，后小网络。",
    en="The branches are in the wrong order: attention first, then the small network.",
)
class ThinksFirst(Faulty):
    def forward(self, x):
        x = x + self.think(x)
        return x + self.attend(self.norm1(x))


@mistake(
    "Block",
    zh="没有因果掩码：每个位置都看见了后面。",
    en="There is no causal mask: every position sees those after it.",
)
class Uncaused(Faulty):
    def pattern(self, q, k):
        return weighing(mask=lambda s: s)(q, k)


@mistake(
    "Block",
    zh="除的是 `d_model` 的平方根：应当是每个头的 $d$。",
    en="It divides by the root of `d_model`: it should be the $d$ of each head.",
)
class DividedByWidth(Faulty):
    def pattern(self, q, k):
        return weighing(score=lambda q, k: q @ k.mT / (q.shape[-1] * self.n_heads) ** 0.5)(q, k)


@mistake("Block", zh="没有除以 $\\sqrt{d}$。", en="It doesn't divide by $\\sqrt{d}$.")
class Undivided(Faulty):
    def pattern(self, q, k):
        return weighing(score=lambda q, k: q @ k.mT)(q, k)


@mistake(
    "Block",
    zh="头是交错着分的：每个头应当管连续的一段。",
    en="The heads are interleaved: each has a piece of neighbouring numbers.",
)
class Interleaved(Faulty):
    split, join = "batch seq (d head) -> batch head seq d", "batch head seq d -> batch seq (d head)"


@mistake(
    "Block", zh="接起来的顺序与分开的不同。", en="The heads are put together in another order than they were split."
)
class JoinedOtherwise(Faulty):
    join = "batch head seq d -> batch seq (d head)"


@mistake(
    "Block",
    zh="没有转置就接上了：位置和头混在了一起。",
    en="Heads are joined without swapping axes back: positions and heads are mixed up.",
)
class Scrambled(Faulty):
    def attend(self, read):
        q, k, v = (einops.rearrange(f(read), self.split, head=self.n_heads) for f in (self.query, self.key, self.value))
        return self.output((self.pattern(q, k) @ v).reshape(read.shape))


@mistake(
    "Block",
    zh="没有分头：整个 `d_model` 当成了一个头。",
    en="It doesn't split into heads: all of `d_model` is one head.",
)
class OneHead(Faulty):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.n_heads = 1


@mistake("Block", zh="注意力的结果没有经过 `output`。", en="What attention gives doesn't go through `output`.")
class NoOutput(Faulty):
    def attend(self, read):
        q, k, v = (einops.rearrange(f(read), self.split, head=self.n_heads) for f in (self.query, self.key, self.value))
        return einops.rearrange(self.pattern(q, k) @ v, self.join)


@mistake("Block", zh="键也是用 `query` 读出来的。", en="The keys are read by `query` as well.")
class KeysByQuery(Faulty):
    def attend(self, read):
        return super().attend(read, keys_by=self.query)


@mistake(
    "Block",
    zh="`up` 和 `down` 之间没有 ReLU：两层合起来还是线性的。",
    en="There is no ReLU between `up` and `down`: together they are linear.",
)
class NoReLU(Faulty):
    def think(self, x):
        return self.down(self.up(self.norm2(x)))


@mistake("Block", zh="用的是 GELU：要 ReLU。", en="It uses GELU: ReLU is wanted.")
class WithGELU(Faulty):
    def think(self, x):
        return self.down(F.gelu(self.up(self.norm2(x))))


@mistake(
    "Block",
    zh="`down` 之后又过了一次 ReLU：加回去的数不该都是正的。",
    en="There is another ReLU after `down`: what is added may be negative.",
)
class ReLUAtTheEnd(Faulty):
    def think(self, x):
        return F.relu(super().think(x))


@mistake(
    "Block",
    zh="`query`、`key`、`value`、`output` 带了偏置：它们不要偏置。",
    en="`query`, `key`, `value` and `output` have biases: they should have none.",
)
class WithBiases(Faulty):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.query, self.key, self.value, self.output = (nn.Linear(d_model, d_model) for _ in range(4))


@mistake("Block", zh="`up` 和 `down` 没有偏置：它们要偏置。", en="`up` and `down` have no biases: they should.")
class WithoutBiases(Faulty):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.up, self.down = nn.Linear(d_model, 4 * d_model, bias=False), nn.Linear(4 * d_model, d_model, bias=False)


@mistake(
    "Block",
    zh="小网络的中间层太窄：应当是 `4 * d_model`。",
    en="The small network is too narrow inside: it should be `4 * d_model`.",
)
class TooNarrow(Faulty):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.up, self.down = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)


@mistake(
    "Block",
    zh="掩码的长度是固定的：`seq` 更长时就报错。在前向里按 `seq` 现做。",
    en="The mask has a fixed length, and a longer `seq` fails: make it in the forward, as long as `seq`.",
)
class StoredMask(Faulty):
    def pattern(self, q, k):
        hidden = torch.ones(64, 64, dtype=torch.bool).triu(1)[: q.shape[-2], : q.shape[-2]]
        return weighing(mask=lambda s: s.masked_fill(hidden, -math.inf))(q, k)


@mistake(
    "Block",
    zh="掩码加在 softmax 之后：每行的和不是 1，后面的分数还留在分母里。",
    en="The mask comes after softmax: rows don't sum to 1, and later scores remain in the denominator.",
)
class MaskedAfterwards(Faulty):
    def pattern(self, q, k):
        return weighing(mask=lambda s: s, end=zeroed)(q, k)


@mistake("Block", zh="两处用的都是 `norm2`。", en="`norm2` is used in both places.")
class SecondNormForBoth(Faulty):
    def forward(self, x):
        x = x + self.attend(self.norm2(x))
        return x + self.think(x)


@mistake(
    "Block",
    zh="两处归一化用反了：第一支用 `norm1`，第二支用 `norm2`。",
    en="The norms are swapped: the first branch has `norm1`, the second `norm2`.",
)
class SwappedNorms(Faulty):
    def forward(self, x):
        x = x + self.attend(self.norm2(x))
        return x + self.down(F.relu(self.up(self.norm1(x))))


@mistake(
    "Block",
    zh="查询和键用反了：`query` 读出查询，`key` 读出键。",
    en="Queries and keys are swapped: `query` gives the queries, `key` the keys.",
)
class SwappedQueryAndKey(Faulty):
    def pattern(self, q, k):
        return weighing()(k, q)


@mistake(
    "Block",
    zh="加的是 `norm1(x)`，不是 `x`：残差流本身不归一化。",
    en="`norm1(x)` is added instead of `x` itself: the residual stream isn't normalised.",
)
class NormAdded(Faulty):
    def forward(self, x):
        y = self.norm1(x)
        x = y + self.attend(y)
        z = self.norm2(x)
        return z + self.down(F.relu(self.up(z)))


def writing(
    seen=lambda tokens, n_ctx: tokens[-n_ctx:],
    at=lambda logits: logits[-1],
    scale=lambda logits, T: logits / T,
    zero=lambda logits, g: logits.argmax()[None],
    draw=lambda logits, g: torch.multinomial(logits.softmax(0), 1, generator=g),
    count=lambda n: n,
    end=lambda tokens, prompt: tokens,
    grad=False,
    append=lambda tokens, token: torch.cat([tokens, token]),
    crop=lambda tokens, n_ctx: tokens,
    finish=False,
):
    def write(model, prompt, n_new, n_ctx, temperature=1.0, generator=None):
        tokens = prompt.clone()
        for _ in range(count(n_new)):
            tokens = crop(tokens, n_ctx)
            with torch.set_grad_enabled(grad):
                logits = at(model(seen(tokens, n_ctx)[None])[0])
            token = zero(logits, generator) if temperature == 0 else draw(scale(logits, temperature), generator)
            tokens = append(tokens, token)
            tokens = crop(tokens, n_ctx) if finish else tokens
        return end(tokens, prompt)

    return write


faults(
    "generate",
    writing,
    {
        "first_position": ({"at": lambda x: x[0]}, "用的是*第一*个位置的 logits：下一个词元由最后一个位置来猜。", "It uses the logits of the *first* position: the last guesses the next token."),
        "mean_of_positions": ({"at": lambda x: x.mean(0)}, "对所有位置的 logits 取了平均：只要最后一个位置的。", "It takes the mean of all positions' logits: only the last is wanted."),
        "never_cropped": ({"seen": lambda t, n: t}, "超过 `n_ctx` 时没有截断。", "Rows longer than `n_ctx` aren't cut."),
        "keeps_the_start": ({"seen": lambda t, n: t[:n]}, "留下的是最前面的 `n_ctx` 个：要最后的。", "It keeps the first `n_ctx` tokens: the last are wanted."),
        "one_less_seen": ({"seen": lambda t, n: t[-max(n - 1, 1) :]}, "只给了最后 `n_ctx - 1` 个。", "It gives the last `n_ctx - 1` only."),
        "room_for_the_new": ({"seen": lambda t, n: t[max(0, len(t) - n + 1) :]}, "只给了最后 `n_ctx - 1` 个，`n_ctx` 是 1 时一个也没有：给最后 `n_ctx` 个，新词元还不在里面。", "It gives the last `n_ctx - 1` only, and none with an `n_ctx` of 1: give the last `n_ctx`, the new token isn't among them yet."),
        "one_less_or_all": ({"seen": lambda t, n: t[-(n - 1) :]}, "只给了最后 `n_ctx - 1` 个，而 `n_ctx` 是 1 时 `[-0:]` 给了全部。", "It gives the last `n_ctx - 1` only, and with an `n_ctx` of 1, all: that is what `[-0:]` means."),
        "one_more_seen": ({"seen": lambda t, n: t[-(n + 1) :]}, "给了最后 `n_ctx + 1` 个：多了一个。", "It gives the last `n_ctx + 1`: one too many."),
        "row_cut_too": ({"crop": lambda t, n: t[-n:]}, "截断的是那一行本身，开头丢了：只截给模型的那份。", "The row itself is cut, and loses its beginning: cut only what the model gets."),
        "row_cut_afterwards": ({"crop": lambda t, n: t[-n:], "finish": True}, "那一行本身截成了 `n_ctx` 个，开头丢了：只截给模型的那份。", "The row itself is cut to `n_ctx` tokens, and loses its beginning: cut only what the model gets."),
        "last_token_only": ({"seen": lambda t, n: t[-1:]}, "只给了最后一个词元：前文都丢了。", "It gives the last token only, and loses what came before."),
        "without_prompt": ({"end": lambda t, p: t[len(p) :]}, "返回的只有新词元：开头应当是 `prompt`。", "It returns the new tokens only: `prompt` comes first."),
        "one_too_few": ({"count": lambda n: max(n - 1, 0)}, "少生成了一个。", "It makes one token too few."),
        "one_too_many": ({"count": lambda n: n + 1}, "多生成了一个。", "It makes one token too many."),
        "up_to_n_new": ({"end": lambda t, p: t[: max(len(t) - len(p), 0)]}, "`n_new` 当成了总长度。", "`n_new` is taken for the whole length."),
        "prepended": ({"append": lambda t, token: torch.cat([token, t])}, "新词元接在了前面。", "New tokens are put in front."),
        "multiplied_by_T": ({"scale": lambda x, T: x * T}, "乘了温度：应当除。", "It multiplies by the temperature: it should divide."),
        "T_ignored": ({"scale": lambda x, T: x}, "温度不起作用：logits 要在 softmax *之前*除以它。", "The temperature has no effect: divide the logits by it *before* softmax."),
        "always_greedy": ({"draw": lambda x, g: x.argmax()[None]}, "总选最大的：温度不是 0 时要抽签。", "It always takes the largest: where the temperature isn't 0, draw."),
        "least_likely": ({"zero": lambda x, g: x.argmin()[None]}, "温度为 0 时取了最小的。", "With a temperature of 0 it takes the smallest."),
        "draws_at_0": ({"zero": lambda x, g: torch.multinomial(x.softmax(0), 1, generator=g)}, "温度为 0 时还在抽签：要取最大的。", "With a temperature of 0 it still draws: take the largest."),
        **{
            f"cold_draw_{name}": ({"zero": lambda x, g, T=T: torch.multinomial((x / T).softmax(0), 1, generator=g)}, f"温度为 0 时换成了 {T}，照样抽签：要取最大的，不抽。", f"A temperature of 0 is replaced by {T}, and it still draws: take the largest, without a draw.")
            for name, T in (("0_1", 0.1), ("1e_2", 1e-2), ("1e_3", 1e-3), ("1e_6", 1e-6))
        },
        "logits_drawn": ({"draw": lambda x, g: torch.multinomial(x, 1, generator=g)}, "抽签时用的是 logits：先 softmax，变成概率。", "It draws with the logits: softmax first makes them probabilities."),
        "softmax_divided": ({"scale": lambda x, T: (x.softmax(0) / T)}, "先 softmax，再除以温度，又 softmax 了一次：logits 先除以温度，softmax 只做一次。", "Softmax, divided by the temperature, goes through softmax once more: divide the logits first, and take softmax once."),
        "divides_by_0": ({"zero": lambda x, g: torch.multinomial((x / 0).softmax(0), 1, generator=g)}, "温度为 0 时除以了 0：这时直接取最大的。", "With a temperature of 0 it divides by 0: take the largest instead."),
        "evenly": ({"draw": lambda x, g: torch.multinomial(torch.ones_like(x), 1, generator=g)}, "抽签时不看 logits：每个词元一样可能。", "It draws without the logits: all tokens are equally likely."),
        "global_random": ({"draw": lambda x, g: torch.multinomial(x.softmax(0), 1)}, "没有把 `generator` 传给 `torch.multinomial`。", "`generator` isn't passed to `torch.multinomial`."),
        "graphs_recorded": ({"grad": True}, "调用模型时记录了计算图：用 `torch.no_grad()`。", "Graphs are recorded while the model is called: use `torch.no_grad()`."),
    },
)  # fmt: skip


def in_evaluation_mode(after=lambda model, was: None):
    def write(model, *args, **kwargs):
        was = model.training
        model.eval()
        tokens = solutions.generate(model, *args, **kwargs)
        after(model, was)
        return tokens

    return write


faults(
    "generate",
    in_evaluation_mode,
    {
        "stays_in_eval": ({}, "模型换到了评估模式，之后也没有换回来：不要改它的模式。", "The model is put into evaluation mode, and stays there: leave its mode alone."),
        "ends_in_train": ({"after": lambda model, was: model.train()}, "先 `eval()`，最后总是 `train()`：来的时候在评估模式的，回去时成了训练模式；不要改它的模式。", "`eval()` first and always `train()` at the end: a model that came in evaluation mode goes back in training mode; leave its mode alone."),
        "eval_on_the_way": ({"after": lambda model, was: model.train(was)}, "中途把模型换到了评估模式：不要改它的模式，中途也不改。", "On the way the model is in evaluation mode: leave its mode alone, on the way too."),
    },
)  # fmt: skip
