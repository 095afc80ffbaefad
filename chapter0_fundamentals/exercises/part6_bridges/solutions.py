# %% [markdown] lang="zh" order=1
# # 第 6 天 · 接下来去哪里
#
# 第 0 章到此为止，后面有两条大路：打开语言模型看它怎样想，以及让网络从奖励中学会行动。
# 这一课给五篇名作各搭一座桥：一段短短的导读，一两个练习，一个问题；写完，每一篇的核心想法你都亲手做过一个最小的版本。
# 最后你写出一个 Transformer 块，训练一分钟，让它写出自己的句子。
#
# **先修**：`part0_einops`（注意力分数）、`part0_maths`（秩、奇异值分解）、`part0_chance`（期望、交叉熵、二元语法模型）、`part2_cnns`（模块、训练）、`part2_resnets`（小的 ResNet）、`part2_features`（消融）、`part3_networks`（softmax 的梯度）。
# **时间**：约 4 小时；第 3 节之后正好休息。第 1 到 3 节连着读；第 4、5 节也连着读，第 5 节要用第 4 节的几个词；第 6 节独立；第 7 节的代码只用到第 1、2 节。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint attention_pattern`，自测用 `coach questions`。
#
# 整课的规矩：不改动传入的张量，连同它们的 `requires_grad` 和 `.grad`；`float64` 进，`float64` 出；不连续的输入也要对。没写明的情形不考查；名字和写法不限，PyTorch 现成的函数都可以调用。
# %% [markdown] lang="en" order=1
# # Day 6 · where to go next
#
# Chapter 0 ends here, and two large roads go on from here: opening up language models to see how they think, and training networks to act by giving them rewards.
# This lesson builds a bridge to each of five well-known texts: a short guide, an exercise or two, a question; when you have finished, you have built the smallest version of the main idea of each.
# At the end you write a block of a transformer, train it for a minute, and let it write sentences of its own.
#
# **You need** `part0_einops` (attention scores), `part0_maths` (rank, singular value decomposition), `part0_chance` (expectation, cross-entropy, the bigram model), `part2_cnns` (modules, training), `part2_resnets` (the small ResNet), `part2_features` (ablation), `part3_networks` (the gradient of softmax).
# **Time**: about four hours; a good place for a break is after section 3. Sections 1 to 3 go together; so do 4 and 5, as section 5 uses the terms of section 4; section 6 stands by itself; the code of section 7 needs only sections 1 and 2.
# **How to read**: guess first, then run, and only then write. `coach hint attention_pattern` helps when you are stuck; with `coach questions` you can test yourself.
#
# Rules of the whole lesson: don't change the tensors you are given, nor their `requires_grad` and `.grad`; `float64` in, `float64` out; inputs that aren't contiguous work too. Cases not described aren't judged; names and ways of writing are free, and you may call any function of PyTorch.
# %%
import math

import einops
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from part2_cnns.solutions import TrainArgs, get_digits, train_with_validation
from part2_features.solutions import ablate_channel
from part2_resnets.solutions import SmallResNet
from torch import Tensor, nn

from part6_bridges import figures, tests

# %% [markdown] lang="zh" tags=["question"] see="part0_chance.bigram_cross_entropy"
# 先回想第 0 天，不要翻看：一篇文本有 24 种字符，一个什么都不知道的模型，平均每个字符的损失是多少？二元语法模型的损失以什么为下界？
# %% [markdown] lang="en" tags=["question"] see="part0_chance.bigram_cross_entropy"
# Recall day 0, without looking it up: a text has 24 different characters. What is the loss per character of a model that knows nothing? And which number can the loss of a bigram model not go below?
# %% [markdown] lang="zh" tags=["answer"]
# $\ln 24 \approx 3.18$：给每种字符 $1/24$ 的概率。
# 二元语法模型只看前一个字符，平均损失的下界是条件熵：知道前一个字符之后，下一个字符平均还剩多少惊讶。
# %% [markdown] lang="en" tags=["answer"]
# $\ln 24 \approx 3.18$: every character gets the probability $1/24$.
# A bigram model sees one character back, and the bound of its mean loss is the conditional entropy: the surprise that is left, on average, in the next character once the one before it is known.
# %% [markdown] lang="zh"
# ## 1 · 没有层的 Transformer
# ### 一篇我们自己的文本
#
# 语言模型要学的，是从前面的文字猜下一个词元（token）：文本切成的小块，用整数编号；这里一个字符就是一个词元。
# 先要有文本。
# 下面的函数写出许多行小故事：每行三句，两个人，各有一样东西；第三句说其中一个人喜欢自己的那样。
# 颜色和东西是抽签抽的，所以第三句的颜色*猜不到*，只能回头去找。
# 记住这一点：它是这一课的试金石。
# %% [markdown] lang="en"
# ## 1 · A transformer without layers
# ### A text of our own
#
# A language model learns to guess the next token from those before it; a token is a small piece of text with a number, and here each character is one.
# First we need a text.
# The function below writes many lines of small stories: three sentences a line, two people, each with one thing; the third sentence says that one of them likes what is theirs.
# Colours and things are drawn by lot, so the colour in the third sentence *can't be guessed*: one has to look back for it.
# Remember this: the lesson will come back to it as its test.
# %%
NAMES = ["anna", "ben", "cleo", "dan", "emma", "finn", "greta", "hugo"]
COLOURS = ["red", "blue", "green", "white", "black", "yellow"]
THINGS = ["kite", "boat", "hat", "drum", "cup", "bell"]


def stories(n_lines: int, seed: int) -> list[str]:
    """Lines of a text of ours: two people with a thing each, and which of them likes it."""
    generator, lines = torch.Generator().manual_seed(seed), []
    for _ in range(n_lines):
        who = [NAMES[i] for i in torch.randperm(len(NAMES), generator=generator)[:2].tolist()]
        what = [
            " ".join(words[int(torch.randint(len(words), (), generator=generator))] for words in (COLOURS, THINGS))
            for _ in who
        ]
        likes = int(torch.randint(2, (), generator=generator))
        lines.append(
            f"{who[0]} has a {what[0]}. {who[1]} has a {what[1]}. {who[likes]} likes the {what[likes]}.".ljust(78)
            + "\n"  # `ljust` fills up with blanks: each line has 78 characters and its end
        )
    return lines


CHARACTERS = sorted(set("".join([*NAMES, *COLOURS, *THINGS, "has likes the a. \n"])))


def encode(lines: list[str]) -> Int[Tensor, "lines seq"]:
    """The number of each character; all lines have the same length."""
    return torch.tensor([[CHARACTERS.index(c) for c in line] for line in lines])


def decode(tokens: Int[Tensor, " seq"]) -> str:
    """The text that these numbers stand for."""
    return "".join(CHARACTERS[i] for i in tokens.tolist())


if __name__ == "__main__":
    lines = stories(2000, seed=0)
    text, held_out = encode(lines), encode(stories(200, seed=1))
    print(*(line.strip() for line in lines[:3]), sep="\n")
    print(f"{len(CHARACTERS)} characters: {''.join(CHARACTERS)!r}; 'anna' is {encode(['anna'])[0].tolist()}")


# %% [markdown] lang="zh"
# ### 练习 · 每个位置的损失 · 10 分钟
#
# 模型在每个位置给出一行 logits，猜的是*下一个*词元。
# 返回每个位置的损失：第 `i` 个数是位置 `i` 的 logits 对词元 `tokens[:, i + 1]` 的交叉熵，以奈特计。
# 最后一个位置没有下一个词元，所以 `seq` 个位置只有 `seq - 1` 个损失。
# `seq` 是 1 时返回空的张量，连不连着计算图都行。
# 例如一行词元是 0、1、1，两种词元，前两个位置的 logits 是 $(0, 0)$ 和 $(0, \ln 3)$：损失是 $\ln 2 = 0.69$ 和 $-\ln \frac{3}{4} = 0.29$；第三个位置的 logits 用不上。
# logits 上千也不许溢出；梯度要能回到 `logits`。
# %% [markdown] lang="en"
# ### Exercise · the loss at each position · 10 min
#
# At each position the model gives a row of logits, its guess of the *next* token.
# Return the loss at each position: number `i` is the cross-entropy, in nats, of the logits at position `i` on the token `tokens[:, i + 1]`.
# The last position has no next token, so `seq` positions have `seq - 1` losses.
# For a `seq` of 1 return an empty tensor, with or without a graph.
# For example, let a row of tokens be 0, 1, 1, of two kinds, with the logits $(0, 0)$ and $(0, \ln 3)$ at the first two positions: the losses are $\ln 2 = 0.69$ and $-\ln \frac{3}{4} = 0.29$; the logits at the third position aren't used.
# Logits in the thousands must not overflow; gradients reach `logits`.
# %% exercise="next_token_loss" difficulty=2 importance=5 minutes=10
def next_token_loss(
    logits: Float[Tensor, "batch seq n_vocab"], tokens: Int[Tensor, "batch seq"]
) -> Float[Tensor, "batch seq-1"]:
    """The surprise, in nats, at each token but the first."""
    # solution
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    return -log_probs.gather(-1, tokens[:, 1:, None]).squeeze(-1)


if __name__ == "__main__":
    if tests.test_next_token_loss(next_token_loss):
        nothing = torch.zeros(*text.shape, len(CHARACTERS))
        print(f"knowing nothing: {next_token_loss(nothing, text).mean():.2f} nats per character")


# %% [markdown] lang="zh" tags=["hint"]
# 哪些位置的 logits 有用？哪些词元要被猜？两边各切掉一个，切的是哪一头？
# %% [markdown] lang="en" tags=["hint"]
# At which positions are the logits used? Which tokens are to be guessed? Each of the two loses one element: at which end?
# %% [markdown] lang="zh" tags=["hint"]
# `log_softmax` 不会溢出；`gather` 按词元从最后一个轴各取一个数。
# %% [markdown] lang="en" tags=["hint"]
# `log_softmax` doesn't overflow; `gather` takes one number from the last axis for each token.
# %% [markdown] lang="zh" numbers="0.69 0.41"
# ### 一张表就是一个模型
#
# 二元语法模型是一张表：第 $a$ 行第 $b$ 列是 $\ln q(b \mid a)$，前一个词元是 $a$ 时下一个是 $b$ 的对数概率。
# 数一数就得到它。为了让没见过的一对也不是 $\ln 0$，每个计数先加上一个正数（常取 1 或更小），叫平滑（smoothing）。
#
# 手算：一行词元 0、1、0、1、0、2，三种词元。
# 相邻的对是 (0,1)、(1,0)、(0,1)、(1,0)、(0,2)。
# 前一个是 0 的三次：后面是 1 两次，是 2 一次，计数 $(0, 2, 1)$；加上平滑 1，得 $(1, 3, 2)$，除以 6。
# 所以 $q(1 \mid 0) = 3/6$，惊讶 $\ln 2 = 0.69$。
# 词元 2 只出现在末尾，后面没有东西：计数全是 0，平滑之后是 $1/3, 1/3, 1/3$。
# 对 (1,0)：计数 $(2, 0, 0)$，平滑后 $(3, 1, 1)/5$，惊讶 $\ln \frac{5}{3} = 0.51$；没有平滑就是 0，自以为绝不会错。
# 五个惊讶平均：$(2 \cdot 0.69 + 2 \cdot 0.51 + \ln 3)/5 = 0.70$；不加平滑是 $(2 \cdot 0.41 + 1.10)/5 = 0.38$。
# %% [markdown] lang="en" numbers="0.69 0.41"
# ### A table is a model
#
# The bigram model is a table: the number in row $a$, column $b$ is $\ln q(b \mid a)$, the log-probability that $b$ comes next after $a$.
# You get it by counting. So that a pair never seen doesn't get $\ln 0$, a positive number (often 1 or less) is added to every count first; that is called **smoothing**.
#
# By hand: a row of tokens 0, 1, 0, 1, 0, 2, of three kinds.
# The neighbours are (0,1), (1,0), (0,1), (1,0), (0,2).
# Three of them begin with 0: 1 follows twice, 2 once, and the counts are $(0, 2, 1)$; with a smoothing of 1 they are $(1, 3, 2)$, divided by 6.
# So $q(1 \mid 0) = 3/6$, with the surprise $\ln 2 = 0.69$.
# Token 2 occurs at the end only, and nothing follows: all its counts are 0, and after smoothing the row is $1/3, 1/3, 1/3$.
# For (1,0) the counts are $(2, 0, 0)$, smoothed $(3, 1, 1)/5$, the surprise is $\ln \frac{5}{3} = 0.51$; without smoothing it would be 0, as if an error were impossible.
# The mean of the five surprises is $(2 \cdot 0.69 + 2 \cdot 0.51 + \ln 3)/5 = 0.70$; without smoothing $(2 \cdot 0.41 + 1.10)/5 = 0.38$.
# %%
if __name__ == "__main__":
    counts = torch.tensor([[0.0, 2, 1], [2, 0, 0], [0, 0, 0]])
    pairs = [(0, 1), (1, 0), (0, 1), (1, 0), (0, 2)]
    for smoothing in (1, 1e-9):
        q = (counts + smoothing) / (counts + smoothing).sum(dim=1, keepdim=True)
        surprises = [round(-math.log(float(q[pair])), 2) + 0.0 for pair in pairs]
        print("smoothing", smoothing, surprises, "mean", round(sum(surprises) / 5, 2))


# %% [markdown] lang="zh"
# ### 练习 · 二元语法的对数概率 · 15 分钟
#
# 从一批词元数出上面的表，返回对数概率，`float32`；每一行取指数后和为 1。
# 相邻的对只在*同一行*里：一行的最后一个与下一行的第一个不算一对。
# `smoothing` 大于 0，加在每个计数上，包括 0；一对也没有时（`seq` 是 1），每行都均匀。
# 手算的那一行就是例子；`tokens` 的整数在 0 与 `n_vocab - 1` 之间，不必每个都出现。
# 一对一对地循环也算对，只是在这篇文本上要等一会儿。
# %% [markdown] lang="en"
# ### Exercise · bigram log-probabilities · 15 min
#
# Count the table from a batch of tokens, and return its log-probabilities in `float32`; the exponentials of each row sum to 1.
# Neighbours are in the *same row*: the last token of one row and the first of the next don't make a pair.
# `smoothing` is greater than 0, and is added to every count, also to 0; without any pair (a `seq` of 1) each row is uniform.
# The row counted by hand is an example; the integers in `tokens` are from 0 to `n_vocab - 1`, and not all need to occur.
# A loop over the pairs is right as well; on this text it takes a while.
# %% exercise="bigram_log_probs" difficulty=2 importance=4 minutes=15
def bigram_log_probs(
    tokens: Int[Tensor, "batch seq"], n_vocab: int, smoothing: float = 1.0
) -> Float[Tensor, "n_vocab n_vocab"]:
    """In row a the log-probability of each next token after a, from smoothed counts."""
    # solution
    pairs = tokens[:, :-1] * n_vocab + tokens[:, 1:]
    counts = pairs.flatten().bincount(minlength=n_vocab**2).reshape(n_vocab, n_vocab) + smoothing
    return (counts / counts.sum(dim=1, keepdim=True)).log().float()


if __name__ == "__main__":
    if tests.test_bigram_log_probs(bigram_log_probs) and tests.test_next_token_loss(next_token_loss):
        bigram = bigram_log_probs(text, len(CHARACTERS))
        print(f"bigram model on held-out lines: {next_token_loss(bigram[held_out], held_out).mean():.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 前一个词元是哪一块切片，后一个是哪一块？对每一行都同样切。
# %% [markdown] lang="en" tags=["hint"]
# Which slice holds the first of each pair, and which the second? Every row is cut in the same way.
# %% [markdown] lang="zh" tags=["hint"]
# 一对 $(a, b)$ 可以编成一个整数 $a \cdot n + b$，`bincount` 一次数完；`index_put_` 加上 `accumulate=True` 也行。
# %% [markdown] lang="en" tags=["hint"]
# A pair $(a, b)$ can be made one integer, $a \cdot n + b$, and `bincount` counts all at once; `index_put_` with `accumulate=True` works, too.
# %% [markdown] lang="zh" tags=["hint"]
# 先加平滑，再除以每一行的和（`keepdim=True`），最后取对数。
# %% [markdown] lang="en" tags=["hint"]
# Add the smoothing, divide by the sum of each row (`keepdim=True`), and take the logarithm last.
# %% [markdown] lang="zh"
# ### 这张表藏在 Transformer 里
#
# 今天的语言模型大多是 Transformer，它由许多层组成。先把所有的层都拿掉，还剩什么？
# 只剩头尾两步：
# 嵌入（`part2_cnns`）：矩阵 $W_E$ 的第 $t$ 行，就是词元 $t$ 的向量，长度 `d_model`；
# 解嵌入（unembedding）：向量乘矩阵 $W_U$，得到每个词元的一个 logit。
# 合起来，词元 $t$ 后面的 logits 是 $W_E W_U$ 的第 $t$ 行：又是一张表，第几行只由当前这个词元决定（位置到第 7 节才加上）。
# 所以零层的 Transformer 最好也只能是二元语法模型：想看得更远，就要有层。
#
# 区别在于大小：表有 $n \times n$ 个数，而 $W_E W_U$ 的秩不超过 `d_model`。
# 真正的模型里，比如最小的 GPT-2，有五万种词元，`d_model` 只有 768：表要用低得多的秩去近似。
# 第 0 天的奇异值分解给出误差平方和最小的低秩近似；下一格让你看看要付多少代价。
# %% [markdown] lang="en"
# ### The table inside a transformer
#
# Most language models today are transformers, networks of many layers. Take all the layers away: what is left?
# The two steps at its ends:
# the embedding (`part2_cnns`), where row $t$ of a matrix $W_E$ is the vector of token $t$, of length `d_model`;
# and the **unembedding**, where the vector is multiplied by a matrix $W_U$, which gives one logit for each token.
# Together, the logits after token $t$ are row $t$ of $W_E W_U$: again a table, and the current token alone decides which row is used (positions are added only in section 7).
# So the best that a transformer of zero layers can be is the bigram model: to look further back, it needs layers.
#
# The difference is in size: the table has $n \times n$ numbers, and the rank of $W_E W_U$ is at most `d_model`.
# A real model such as the smallest GPT-2 has fifty thousand tokens and a `d_model` of 768: the table has to be approximated with a far lower rank.
# Among all tables of a given low rank, day 0's singular value decomposition gives the one with the smallest sum of squared errors; the next cell shows what it costs.
# %% [markdown] lang="zh" tags=["question"] see="bigram_log_probs"
# 先预测，再运行下一格：表是 24×24 的。秩要多高，损失才只比整张表多一成？24、12，还是 6？
# %% [markdown] lang="en" tags=["question"] see="bigram_log_probs"
# Predict, then run the next cell: the table is 24×24. Which rank does it take for a loss that is only a tenth above that of the whole table? 24, 12, or 6?
# %% [markdown] lang="zh" tags=["answer"]
# 12：表的行彼此有些像，一半的方向就够了；只用 6 个，损失就高得多。
# 秩是 2 反而比秩是 1 差，这不是算错了：奇异值分解让*对数概率*的误差平方最小，而平方最看重的是最罕见的那些对（对数最负），损失看重的却是常见的对。
# 训练直接让损失变小，同样的秩会好一些。
# %% [markdown] lang="en" tags=["answer"]
# 12: the rows are alike to some degree, and half of the directions are enough; with 6 the loss is far higher.
# Rank 2 is worse than rank 1, and that is not a mistake: the decomposition makes the squared error of the *log-probabilities* smallest, squares care most for the rarest pairs (with the most negative logarithms), and the loss cares for the frequent ones.
# Training makes the loss itself small, and does better with the same rank.
# %%
def zero_layer(
    tokens: Int[Tensor, "batch seq"], W_E: Float[Tensor, "n_vocab d_model"], W_U: Float[Tensor, "d_model n_vocab"]
) -> Float[Tensor, "batch seq n_vocab"]:
    """The logits of a transformer without layers."""
    return W_E[tokens] @ W_U


if __name__ == "__main__":
    if tests.test_bigram_log_probs(bigram_log_probs) and tests.test_next_token_loss(next_token_loss):
        U, S, Vh = torch.linalg.svd(bigram)
        for rank in (1, 2, 4, 6, 9, 12, 24):
            logits = zero_layer(held_out, U[:, :rank] * S[:rank], Vh[:rank])
            print(f"d_model {rank:2}: loss {next_token_loss(logits, held_out).mean():.2f}")


# %% [markdown] lang="zh"
# ## 2 · 注意力头，以及它的两个回路
# ### 谁看谁
#
# 层与层之间传的是残差流（residual stream）：每个位置一个长度 `d_model` 的向量，一开始是嵌入；每一层从里面读，算出一点东西，再*加*回去（第 2 天的残差连接）。
# 因为只加不改，最后的残差流就是嵌入与每个零件各自写进的那一份之和；乘上 $W_U$，logits 也是各份的 logits 之和。
# 所以一个零件可以单独研究：看它自己那一份，或者去掉那一份，看少了什么。
# 但要当心：后面的层也许读了它写的东西，去掉它，那些层的份额也跟着变。
# 中间若有归一化，各份就不再只是相加。
# Transformer 里只有一种零件能把信息从一个位置搬到另一个位置：注意力头（attention head）。
#
# 第 0 天你算过注意力分数：位置 `pos` 的查询与位置 `src` 的键的内积。
# 还要做三件事，分数才变成权重。
#
# 1. 除以 $\sqrt{d}$，$d$ 是查询的长度。两个随机向量，若各分量独立、均值为 0、方差为 1，内积的方差就是 $d$；$d$ 大而不除，分数就太大，softmax 几乎只选一个，梯度也就接近 0。
# 2. 加上因果掩码（causal mask）：`src` 大于 `pos` 的分数换成 $-\infty$。位置 `pos` 要猜的是下一个词元，偷看后面，就等于看了答案。
# 3. 对 `src` 做 softmax：每一行成为和为 1 的权重。
#
# 手算：位置 2 除过之后的分数是 $\ln 1, \ln 2, \ln 5$，权重就是 $1/8, 2/8, 5/8$。
# 位置 1 的分数若也是 $\ln 1, \ln 2, \ln 5$，最后一个看不见：$1/3, 2/3, 0$。位置 0 只能看自己：$1, 0, 0$。
# 值（value）是每个位置送出的向量；若三个位置的值是 8、4、0，头在三个位置的结果是 8、$\frac{1}{3} \cdot 8 + \frac{2}{3} \cdot 4 = 5.33$、$\frac{1}{8} \cdot 8 + \frac{2}{8} \cdot 4 = 2$。
# %% [markdown] lang="en"
# ## 2 · An attention head and its two circuits
# ### Who looks at whom
#
# What goes from layer to layer is the **residual stream**: at each position a vector of length `d_model`, which at first is the embedding; each layer reads from it, works something out, and *adds* it back (day 2's residual connection).
# As it is only ever added to, the stream at the end is the embedding plus a share from each part of the network; times $W_U$, the logits too are a sum of such shares.
# So a part can be studied by itself: look at its share, or leave its share out and see what is missing.
# But beware: a later layer may read what the part writes; leave the part out, and the share of that layer changes as well.
# And with a normalisation in between the shares no longer simply add up.
# In a transformer only one kind of part can carry information from one position to another: an **attention head**.
#
# On day 0 you computed attention scores: the inner product of the query at position `pos` with the key at position `src`.
# Three more steps turn scores into weights.
#
# 1. Divide by $\sqrt{d}$, where $d$ is the length of a query. If all components of two random vectors are independent, with mean 0 and variance 1, their inner product has the variance $d$; with a large $d$, undivided scores are too large, softmax puts nearly all its weight on one of them, and the gradient is close to 0.
# 2. Put on the **causal mask**: where `src` is greater than `pos`, the score becomes $-\infty$. Position `pos` has to guess the next token, and whoever looks ahead has seen the answer.
# 3. Softmax over `src`: each row becomes weights that sum to 1.
#
# By hand: if position 2 has the divided scores $\ln 1, \ln 2, \ln 5$, its weights are $1/8, 2/8, 5/8$.
# If position 1 also has $\ln 1, \ln 2, \ln 5$, the last can't be seen: $1/3, 2/3, 0$. Position 0 sees only itself: $1, 0, 0$.
# A **value** is the vector that a position sends out; if the three values are 8, 4, 0, the head's results at the three positions are 8, $\frac{1}{3} \cdot 8 + \frac{2}{3} \cdot 4 = 5.33$ and $\frac{1}{8} \cdot 8 + \frac{2}{8} \cdot 4 = 2$.
# %% [markdown] lang="zh" tags=["question"] see="attention_pattern"
# 有人先做 softmax，再把后面的权重换成 0。下一格改动*最后一个*位置的分数：前面几行的权重会变吗？
# %% [markdown] lang="en" tags=["question"] see="attention_pattern"
# Somebody takes the softmax first, and then puts 0 in place of the later weights. The next cell changes the scores of the *last* position: do the weights in the rows before it change?
# %% [markdown] lang="zh" tags=["answer"]
# 会：softmax 的分母里已经有了后面的分数，换成 0 也抹不掉；而且每行的和不再是 1。
# 训练时答案会从这条缝里漏进来：损失可能低得可疑，生成时却不对。所以掩码必须在 softmax 之前。
# %% [markdown] lang="en" tags=["answer"]
# Yes: the denominator of softmax already holds the later scores, and a 0 afterwards doesn't take them out; also, the rows no longer sum to 1.
# In training the answer can leak through: the loss may be suspiciously low, and generating goes wrong. So the mask comes before the softmax.
# %%
if __name__ == "__main__":
    scores = torch.tensor([1.0, 2, 5]).log().repeat(3, 1)
    later = torch.ones(3, 3).triu(1).bool()  # true above the diagonal, where src > pos; `triu` puts 0 elsewhere
    changed = scores + torch.tensor([0, 0, 3.0])  # other scores of the last position
    for name, s in (("scores", scores), ("last position changed", changed)):
        before = s.masked_fill(later, -math.inf).softmax(dim=-1)  # -inf where `later` is true
        after = s.softmax(dim=-1).masked_fill(later, 0)
        print(f"{name}: row 1, masked before {[round(w, 2) for w in before[1].tolist()]}", end=", ")
        print("masked after", [round(w, 2) for w in after[1].tolist()])


# %% [markdown] lang="zh"
# ### 练习 · 注意力权重 · 15 分钟
#
# 由查询和键算出权重：内积，除以 $\sqrt{d}$（`d_head` 的平方根），掩码，对最后一个轴 softmax。
# 前面可以有任意多个轴，也可以没有；每一行的和是 1，`src > pos` 的权重恰好是 0。
# 分数上千，或者负几千，也要算对，不许出现 `inf` 或 `nan`；梯度要能回到 `q` 和 `k`。
# 例如 `d_head` 是 1，三个查询都是 1，三个键是 $\ln 1, \ln 2, \ln 5$：就是手算的三行。
# %% [markdown] lang="en"
# ### Exercise · the attention pattern · 15 min
#
# From queries and keys to weights: inner products, divided by $\sqrt{d}$ (the root of `d_head`), masked, softmax over the last axis.
# There may be any number of axes in front, or none; each row sums to 1, and weights with `src > pos` are exactly 0.
# Scores in the thousands, positive or negative, must come out right, without `inf` or `nan`; gradients reach `q` and `k`.
# For example, with a `d_head` of 1, three queries of 1 and the keys $\ln 1, \ln 2, \ln 5$, you get the three rows from above.
# %% exercise="attention_pattern" difficulty=3 importance=5 minutes=15
def attention_pattern(
    q: Float[Tensor, "*batch seq d_head"], k: Float[Tensor, "*batch seq d_head"]
) -> Float[Tensor, "*batch seq seq"]:
    """For each position (row) its weights on itself and the positions before it."""
    # solution
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
    return scores.masked_fill(later, -math.inf).softmax(dim=-1)


if __name__ == "__main__":
    if tests.test_attention_pattern(attention_pattern):
        generator = torch.Generator().manual_seed(0)
        for d_head in (1, 64):
            q, k = torch.randn(2, 100, 32, d_head, generator=generator)
            divided, undivided = (attention_pattern(s * q, k)[:, -1].amax(-1).mean() for s in (1, d_head**0.5))
            print(f"d_head {d_head:2}: the largest of 32 weights is {divided:.2f}; undivided it is {undivided:.2f}")


# %% [markdown] lang="zh" tags=["hint"]
# 掩码是一个真假表：哪一半是真，对角线算哪边？
# %% [markdown] lang="en" tags=["hint"]
# The mask is a table of truth values: which half is true, and to which side does the diagonal belong?
# %% [markdown] lang="zh" tags=["hint"]
# `k.mT` 交换最后两个轴；`triu(1)` 留下对角线以上；`masked_fill` 给出新的张量。
# %% [markdown] lang="en" tags=["hint"]
# `k.mT` swaps the last two axes; `triu(1)` keeps what is above the diagonal; `masked_fill` makes a new tensor.
# %% [markdown] lang="zh" tags=["hint"]
# 三步：`scores`，`masked_fill` 成 $-\infty$，`softmax(dim=-1)`。
# %% [markdown] lang="en" tags=["hint"]
# Three steps: `scores`, `masked_fill` with $-\infty$, `softmax(dim=-1)`.
# %% [markdown] lang="zh"
# ### 练习 · 一个头 · 10 分钟
#
# 查询、键、值都从残差流 `x` 里读出来：它乘 $W_Q$、$W_K$、$W_V$，各长 `d_head`。
# 每个位置的结果是各位置的值的加权和；再乘 $W_O$，回到长度 `d_model`。
# 返回的是头*要加*进残差流的东西，不含 `x` 本身。
# 前面的轴任意多；分数上千同样要算对；梯度要能回到 `x` 和四个矩阵。
# 例如 $W_Q = 0$ 时分数全是 0：每个位置得到 $x W_V W_O$ 在自己和之前所有位置上的平均。
# %% [markdown] lang="en"
# ### Exercise · one head · 10 min
#
# Queries, keys and values are all read from the residual stream `x`: it is multiplied by $W_Q$, $W_K$ and $W_V$, to the length `d_head`.
# The result at each position is the weighted sum of the values, multiplied by $W_O$, back to the length `d_model`.
# Return what the head *will add* to the residual stream, without `x` itself.
# There may be any number of axes in front; scores in the thousands must come out right here, too; gradients reach `x` and the four matrices.
# For example, with $W_Q = 0$ all scores are 0: each position gets the mean of $x W_V W_O$ over itself and all positions before it.
# %% exercise="attention_head" difficulty=2 importance=5 minutes=10
def attention_head(
    x: Float[Tensor, "*batch seq d_model"],
    W_Q: Float[Tensor, "d_model d_head"],
    W_K: Float[Tensor, "d_model d_head"],
    W_V: Float[Tensor, "d_model d_head"],
    W_O: Float[Tensor, "d_head d_model"],
) -> Float[Tensor, "*batch seq d_model"]:
    """What this head adds to the residual stream."""
    # solution
    return attention_pattern(x @ W_Q, x @ W_K) @ (x @ W_V) @ W_O


if __name__ == "__main__":
    if tests.test_attention_pattern(attention_pattern) and tests.test_attention_head(attention_head):
        values, one = torch.tensor([[8.0], [4], [0]]), torch.ones(1, 1)
        print("means so far:", attention_head(values, 0 * one, one, one, one).flatten().tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 权重的形状是 `seq seq`，值是 `seq d_head`：哪个轴被求和？
# %% [markdown] lang="en" tags=["hint"]
# The weights have the shape `seq seq`, the values `seq d_head`: which axis is summed?
# %% [markdown] lang="zh" tags=["hint"]
# 一连三个矩阵乘积：权重、值、$W_O$。
# %% [markdown] lang="en" tags=["hint"]
# Three matrix products in a row: weights, values, $W_O$.
# %% [markdown] lang="zh" numbers="3 6 0 2 -1"
# ### 两个回路
#
# 《A Mathematical Framework for Transformer Circuits》的核心只有一行代数。
# 分数是 $(x_{pos} W_Q)(x_{src} W_K)^\top = x_{pos}\,(W_Q W_K^\top)\,x_{src}^\top$：$W_Q$ 与 $W_K$ 从不单独出现，要紧的只有乘积，它叫 QK 回路（QK circuit），管*看哪里*。
# 搬过去的是 $x_{src} W_V W_O$：要紧的也只有乘积，它叫 OV 回路（OV circuit），管*搬什么*。
# 两个都是 `d_model` × `d_model` 的矩阵，可是中间只有 `d_head` 那么窄，所以秩不超过 `d_head`。
# 例如残差流宽 768，`d_head` 是 64：查询一侧和键一侧各只用到至多 64 个方向，搬运时读的、写的也各是至多 64 个。与读的方向都垂直的，它看不见；与写的方向都垂直的，它写不出。
#
# 手算：`d_model` 是 2，`d_head` 是 1。
# $W_Q = (1, 2)^\top$，$W_K = (3, 0)^\top$，都是一列：QK 回路的两行是 $(3, 0)$ 和 $(6, 0)$，第二行是第一行的 2 倍，秩是 1。
# $W_V = (1, 1)^\top$，$W_O = (2, -1)$：OV 回路的两行都是 $(2, -1)$。
# 有的书把向量写成一列，在左边乘矩阵：那里的 OV 回路是 $W_O W_V$，就是这里的转置。
# 除以 $\sqrt{d}$ 也并进 QK 回路里；这里 $d = 1$，不变。
#
# `d_model` 的方向没有名字，词元有。所以把头尾也乘上，读成*词元对词元*的表，与第 1 节的二元语法表一样读法：$W_E\,(W_V W_O)\,W_U$ 的第 $t$ 行是，头若只看词元 $t$，它给每个可能的下一个词元的 logit 加多少。
# 设只有两个词元，$W_E$ 和 $W_U$ 都是单位矩阵：上面的 OV 就是这张表。看到词元 0 抬高 0、压低 1；看到词元 1，也是抬高 0、压低 1：它搬什么，与看到谁无关。
# 若要看到谁就抬高谁，大的数得在*对角线*上，例如两行是 $(1, 0)$ 和 $(0, 1)$；第 3 节就用这样的头。
# 同样，$W_E\,(W_Q W_K^\top)\,W_E^\top$ 的第 $t$ 行是，当前词元是 $t$ 时，头给自己和前面每个词元的分数（还没有除以 $\sqrt{d}$）。
# %% [markdown] lang="en" numbers="3 6 0 2 -1"
# ### Two circuits
#
# The heart of *A Mathematical Framework for Transformer Circuits* is one line of algebra.
# A score is $(x_{pos} W_Q)(x_{src} W_K)^\top = x_{pos}\,(W_Q W_K^\top)\,x_{src}^\top$: $W_Q$ and $W_K$ never occur separately, only their product matters, and it is called the **QK circuit**; it says *where to look*.
# What is carried over is $x_{src} W_V W_O$: again only the product matters, called the **OV circuit**; it says *what to carry*.
# Both are matrices of `d_model` × `d_model`, but the way through is only `d_head` wide, so their rank is at most `d_head`.
# Let the stream be 768 wide and `d_head` 64: the side of the query and that of the key use at most 64 directions each, and so do reading and writing when it carries. What is perpendicular to all directions it reads, it can't see; what is perpendicular to all it writes, it can't write.
#
# By hand: let `d_model` be 2 and `d_head` 1.
# With the columns $W_Q = (1, 2)^\top$ and $W_K = (3, 0)^\top$ the rows of the QK circuit are $(3, 0)$ and $(6, 0)$; the second is twice the first, and the rank is 1.
# With $W_V = (1, 1)^\top$ and $W_O = (2, -1)$ both rows of the OV circuit are $(2, -1)$.
# Some authors write vectors as columns, with the matrix on the left: their OV circuit is $W_O W_V$, the transpose of the one here.
# The division by $\sqrt{d}$ is counted as part of the QK circuit; here $d = 1$, and nothing changes.
#
# Directions of `d_model` have no names, but tokens have. So multiply by both ends as well, and read a table of *tokens by tokens*, like the bigram table of section 1: row $t$ of $W_E\,(W_V W_O)\,W_U$ is what the head adds to the logit of each possible next token when it looks at token $t$ alone.
# Let there be two tokens, and let $W_E$ and $W_U$ be the identity: then the OV circuit above is this table. Looking at token 0 raises 0 and lowers 1, and looking at token 1 raises 0 and lowers 1 as well: what it carries doesn't depend on whom it sees.
# To raise whomever it sees, a head needs its large numbers on the *diagonal*, as in the rows $(1, 0)$ and $(0, 1)$; section 3 uses such a head.
# Likewise, row $t$ of $W_E\,(W_Q W_K^\top)\,W_E^\top$ holds the scores (not yet divided by $\sqrt{d}$) that the head gives to the current token and each token before, when the current token is $t$.
# %%
if __name__ == "__main__":
    W_Q, W_K, W_V = torch.tensor([[[1], [2]], [[3], [0]], [[1], [1]]])
    W_O = torch.tensor([[2, -1]])
    print("QK:", (W_Q @ W_K.T).tolist(), " OV:", (W_V @ W_O).tolist())


# %% [markdown] lang="zh" tags=["question"] see="circuits"
# 把 $W_Q$ 乘以 10，$W_K$ 乘以 0.1：头的行为变了吗？只盯着一个头的 $W_Q$ 看，能看出它在找什么吗？
# %% [markdown] lang="en" tags=["question"] see="circuits"
# Multiply $W_Q$ by 10 and $W_K$ by 0.1: does the head behave differently? And if you look at the $W_Q$ of a head alone, can you see what it looks for?
# %% [markdown] lang="zh" tags=["answer"]
# 乘积不变，所以什么都没变；更一般地，$W_Q R$ 与 $W_K R^{-\top}$（$R$ 可逆）是同一个头。
# 因此 $W_Q$ 里单个的数没有意义，查询的单个分量也没有；单看 $W_Q$，只看得出它读哪些方向（各列张成的空间），看不出拿它们去配什么。能解读的是乘积。
# %% [markdown] lang="en" tags=["answer"]
# The product stays the same, so nothing changes; in general, $W_Q R$ with $W_K R^{-\top}$ (for an invertible $R$) is the same head.
# So the single numbers of $W_Q$ mean nothing, nor does one component of a query. $W_Q$ alone shows only which directions are read (the space its columns span), not what they are matched with. What can be interpreted is the product.
# %% [markdown] lang="zh"
# ### 练习 · 两个回路 · 10 分钟
#
# 返回 QK 回路和 OV 回路，都是 `d_model d_model`。
# QK 的行属于*查询*一侧，列属于键一侧，除以 $\sqrt{d}$ 并在其中；OV 的行是*读进来*的方向，列是写出去的方向。
# 手算的例子里，分别是 `[[3, 0], [6, 0]]` 和 `[[2, -1], [2, -1]]`。
# 梯度要能回到四个矩阵。
# %% [markdown] lang="en"
# ### Exercise · the two circuits · 10 min
#
# Return the QK circuit and the OV circuit, both `d_model d_model`.
# The rows of QK are the side of the *query*, its columns that of the key, and the division by $\sqrt{d}$ is in it; the rows of OV are what is *read*, its columns what is written.
# In the example by hand they are `[[3, 0], [6, 0]]` and `[[2, -1], [2, -1]]`.
# Gradients reach the four matrices.
# %% exercise="circuits" difficulty=2 importance=4 minutes=10
def circuits(
    W_Q: Float[Tensor, "d_model d_head"],
    W_K: Float[Tensor, "d_model d_head"],
    W_V: Float[Tensor, "d_model d_head"],
    W_O: Float[Tensor, "d_head d_model"],
) -> tuple[Float[Tensor, "d_model d_model"], Float[Tensor, "d_model d_model"]]:
    """Where a head looks (QK, scaled), and what it carries (OV)."""
    # solution
    return W_Q @ W_K.T / math.sqrt(W_Q.shape[1]), W_V @ W_O


if __name__ == "__main__":
    if tests.test_circuits(circuits):
        W_Q, W_K, W_V, W_O = torch.randn(4, 64, 16, generator=torch.Generator().manual_seed(0))
        QK, OV = circuits(W_Q, W_K, W_V, W_O.T)
        ranks = [int(torch.linalg.matrix_rank(circuit)) for circuit in (QK, OV)]
        print(f"a circuit of {tuple(QK.shape)} has {QK.numel()} numbers, made of {2 * W_Q.numel()}; ranks {ranks}")


# %% [markdown] lang="zh" tags=["hint"]
# 分数 $x_{pos}\,(\ldots)\,x_{src}^\top$ 的括号里是什么？哪一个矩阵要转置？
# %% [markdown] lang="en" tags=["hint"]
# What stands in the brackets of the score $x_{pos}\,(\ldots)\,x_{src}^\top$? Which matrix is transposed?
# %% [markdown] lang="zh" tags=["hint"]
# `d_head` 是 `W_Q.shape[1]`；OV 里没有转置，也不除。
# %% [markdown] lang="en" tags=["hint"]
# `d_head` is `W_Q.shape[1]`; in OV nothing is transposed or divided.
# %% [markdown] lang="zh"
# ### 练习 · 由回路组成的头 · 10 分钟
#
# 只给两个回路，不给四个矩阵：返回同样的头要加进残差流的东西。
# 分数是 $x\,\mathrm{QK}\,x^\top$，不再除以什么；掩码和 softmax 照旧；搬运的是 `x @ OV`。
# 前面的轴任意多；分数上千同样要算对；梯度要能回到 `x` 和两个回路。
# 例如 QK 全是 0、OV 是单位矩阵时，每个位置得到到此为止的平均。
# 下一节就用它搭头：一个头做什么，全写在这两个矩阵里。
# %% [markdown] lang="en"
# ### Exercise · a head from its circuits · 10 min
#
# Given the two circuits and not the four matrices, return what the same head adds to the residual stream.
# The scores are $x\,\mathrm{QK}\,x^\top$, not divided by anything more; mask and softmax are as before; what is carried is `x @ OV`.
# There may be any number of axes in front; scores in the thousands must come out right here, too; gradients reach `x` and both circuits.
# For example, where QK is all 0 and OV the identity, each position gets the mean so far.
# The next section builds heads with it: all that a head does is written in these two matrices.
# %% exercise="circuit_head" difficulty=3 importance=4 minutes=10
def circuit_head(
    x: Float[Tensor, "*batch seq d_model"], QK: Float[Tensor, "d_model d_model"], OV: Float[Tensor, "d_model d_model"]
) -> Float[Tensor, "*batch seq d_model"]:
    """What the head with these circuits adds to the residual stream."""
    # solution
    scores = x @ QK @ x.mT
    later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=x.device).triu(1)
    return scores.masked_fill(later, -math.inf).softmax(dim=-1) @ x @ OV


if __name__ == "__main__":
    if all(
        [
            tests.test_circuits(circuits),
            tests.test_circuit_head(circuit_head),
            tests.test_attention_head(attention_head),
        ]
    ):
        x = torch.randn(2, 9, 64, generator=torch.Generator().manual_seed(1)) / 8
        difference = circuit_head(x, QK, OV) - attention_head(x, W_Q, W_K, W_V, W_O.T)
        print(f"four matrices or two circuits: largest difference {difference.abs().max():.0e}")


# %% [markdown] lang="zh" tags=["hint"]
# 哪一边的 `x` 要换轴？换哪两个？
# %% [markdown] lang="en" tags=["hint"]
# Which of the two `x` swaps axes, and which axes?
# %% [markdown] lang="zh" tags=["hint"]
# 与 `attention_pattern` 同样的掩码和 softmax；想直接调用它，就要先把它除掉的 $\sqrt{d}$ 乘回去。
# %% [markdown] lang="en" tags=["hint"]
# The same mask and softmax as in `attention_pattern`; to call that one, first multiply by the $\sqrt{d}$ that it divides by.
# %% [markdown] lang="zh"
# **读物**：Nelson Elhage、Neel Nanda、Catherine Olsson 等，[A Mathematical Framework for Transformer Circuits](https://transformer-circuits.pub/2021/framework/index.html)（2021，英文）。
# 你写的是其中零层模型和单个头的代数；它接着把真正训练过的一层模型拆成“跳着看的三元组”（前面某处的词元、当前的词元、下一个），再讲两层的头怎样配合。
# 读时想：它说一层的注意力模型里，OV 回路和 QK 回路合起来给每个“来源词元、当前词元、输出词元”一个分数；为什么这样的三元组会“捎带”出谁也不想要的搭配？
# %% [markdown] lang="en"
# **Reading**: Nelson Elhage, Neel Nanda, Catherine Olsson and others, [A Mathematical Framework for Transformer Circuits](https://transformer-circuits.pub/2021/framework/index.html) (2021, in English).
# You wrote its algebra of zero layers and of a single head; it goes on to take a trained model of one layer apart into “skip-trigrams” (a token somewhere before, the current one, the next), and shows how heads of two layers are composed.
# While you read: it says that in a model of one layer the two circuits give a score to each triple of source token, current token and output token; why do such triples bring along combinations that nobody wanted?
# %% [markdown] lang="zh"
# ## 3 · 归纳头
# ### 见过一次的，再来一次
#
# 把一串随机词元重复一遍：`5 3 7 | 5 3 7`。
# 前一半谁也猜不到。后一半除了第一个，每个词元在前一半里都有答案，只要会查：“当前的词元上次出现时，后面跟的是什么？”
# 会这样查的头叫归纳头（induction head）。语言模型能从上下文里现学现用；管这件事的零件里，归纳头是最早被看懂的之一。
# 在真正的文章里，它管的是*这一篇*里才有的东西：前面出现过一次“青螺湾”，再读到“青螺”，它就猜“湾”；术语、代码里的变量名也是这样。
# 二元语法的表做不到：表里的数训练完就定了，不随前文变。
# 为什么不用真正的文章来考它？那里常见的搭配、背下来的短语也能猜对；随机词元排除了这些：后一半的损失降了，只能靠这一行的前文；几乎降到 0，就只能是查来的（只记得出现过哪 20 个，还远远不够）。
#
# 一个头做不到：它按“当前词元 = 那里的词元”去看，只能找到 5 自己；答案却在 5 的*后面*一格。
# 两个头接力就行。
#
# | 位置 | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|---|
# | 词元 | 0 | 5 | 3 | 7 | 5 | 3 | 7 |
# | 第一个头写下：前一个词元 | 0 | 0 | 5 | 3 | 7 | 5 | 3 |
# | 第二个头看向：谁的“前一个”是我 | 0 | 0 | 0 | 0 | 2 | 3 | 4 |
# | 它搬来的词元，即猜测 | 无 | 无 | 无 | 无 | 3 | 7 | 5 |
#
# 位置 4 的词元是 5；位置 2 上写着“我的前一个是 5”，于是看向位置 2，搬来那里的词元 3：正是下一个。
# 每个位置都这样往回看：重复的一段若长 $h$，就看向 $h - 1$ 格之前；画成注意力的图，后一半是一条与对角线平行的线，在它左边 $h - 1$ 格（这里 $h = 3$：4 看 2，5 看 3，6 看 4）。
# 词元 0 是特别的起始词元（beginning of sequence，BOS）：没有东西可查时，头就歇在它上面，什么也不搬。
# %% [markdown] lang="en"
# ## 3 · Induction heads
# ### Seen once, and here it is again
#
# Repeat a row of random tokens: `5 3 7 | 5 3 7`.
# Nobody can guess the first half. But for every token of the second half, except its first, the answer is in the first half, if one can look it up: what came after the current token when it last occurred?
# A head that does this is an **induction head**. Language models learn from their context as they read, and of the parts that do so this was one of the first to be understood.
# In natural text it serves for what is particular to *this* text: where "the river Quillfeather" came up once, it guesses "Quillfeather" at the next "river"; so it does with technical terms, or the names in a piece of code.
# A bigram table can't: its numbers are fixed by training, and don't change with the text before.
# Why not test it on natural text? Frequent pairs and phrases learned by heart would be guessed there as well; random tokens rule that out: a lower loss in the second half must come from the earlier part of this row, and a loss near 0 only from looking up (to remember which tokens occurred is far from enough).
#
# One head can't do it: looking for a place whose token is the current one, it finds the 5 itself, but the answer is one place *after* the 5.
# Two heads can, one after the other.
#
# | position | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|---|
# | token | 0 | 5 | 3 | 7 | 5 | 3 | 7 |
# | written by the first head: the token before | 0 | 0 | 5 | 3 | 7 | 5 | 3 |
# | the second looks at: whose token before is mine? | 0 | 0 | 0 | 0 | 2 | 3 | 4 |
# | the token it carries over, its guess | none | none | none | none | 3 | 7 | 5 |
#
# The token at position 4 is 5; position 2 has the note that the token before it was 5, so the head looks there, and carries over its token, 3: just what comes next.
# It is the same at each position of the second half: if the repeated part has length $h$, the head looks $h - 1$ places back. In a picture of the attention pattern this is a line parallel to the diagonal, $h - 1$ places to its left (here $h = 3$: 4 looks at 2, 5 at 3, 6 at 4).
# Token 0 is the **beginning of sequence** (BOS for short): a head that finds nothing rests on it, and carries nothing.
# %% [markdown] lang="zh"
# ### 残差流里的四块
#
# 残差流是公共的，头与头靠约好的位置传话。我们手工把它分成四块，每块都写成独热向量（one-hot，只有一个 1）：
#
# - `token`：当前词元，长 `n_vocab`；
# - `previous`：前一个词元，起初空着，由第一个头写，长 `n_vocab`；
# - `guess`：猜测，起初空着，由第二个头写，长 `n_vocab`；
# - `position`：位置，长 `n_ctx`（上下文最多多长）。
#
# 训练出来的网络也有类似的分工，只是每一块往往是一组斜着的方向，不是一段连续的下标，块与块还可能重叠。
# 四块的切片由 `parts` 给出，下面的 `repeated` 造题，`stream` 铺好 `token` 和 `position`。
# %% [markdown] lang="en"
# ### Four segments in the residual stream
#
# All heads share the residual stream, and they pass notes by agreeing on places. We divide it by hand into four segments, each with one-hot vectors (a single 1):
#
# - `token`: the current token, of length `n_vocab`;
# - `previous`: the token before, empty at first and written by the first head, of length `n_vocab`;
# - `guess`: empty at first and written by the second head, of length `n_vocab`;
# - `position`: of length `n_ctx` (the longest context).
#
# A trained network divides its stream in a similar way, only there a segment is usually a set of oblique directions, not a run of indices, and segments may overlap.
# The slices of the segments come from `parts`; `repeated` sets the task, and `stream` fills in `token` and `position`.
# %%
def parts(n_vocab: int, n_ctx: int) -> tuple[slice, slice, slice, slice]:
    """Where token, previous, guess and position are in the residual stream, of length 3 n_vocab + n_ctx."""
    token, previous, guess = (slice(i * n_vocab, (i + 1) * n_vocab) for i in range(3))
    return token, previous, guess, slice(3 * n_vocab, 3 * n_vocab + n_ctx)


def repeated(batch: int, half: int, n_vocab: int, seed: int) -> Int[Tensor, "batch 1+2*half"]:
    """BOS, `half` different random tokens, and the same tokens once more."""
    generator = torch.Generator().manual_seed(seed)
    rows = [1 + torch.randperm(n_vocab - 1, generator=generator)[:half] for _ in range(batch)]
    first = torch.stack(rows)
    return torch.cat([torch.zeros(batch, 1, dtype=torch.long), first, first], dim=1)


def stream(tokens: Int[Tensor, "batch seq"], n_vocab: int, n_ctx: int) -> Float[Tensor, "batch seq d_model"]:
    """The residual stream before the first head."""
    token, _, _, position = parts(n_vocab, n_ctx)
    x = torch.zeros(*tokens.shape, 3 * n_vocab + n_ctx)
    x[..., token] = F.one_hot(tokens, n_vocab).float()
    x[..., position] = torch.eye(n_ctx)[: tokens.shape[1]]
    return x


if __name__ == "__main__":
    tokens = repeated(batch=1, half=3, n_vocab=8, seed=0)
    print("tokens", tokens.tolist(), " stream", tuple(stream(tokens, 8, 7).shape))


# %% [markdown] lang="zh"
# ### 练习 · 看前一个的头 · 20 分钟
#
# 返回两个回路，形状都是 `d_model d_model`，`d_model` 是 `3 * n_vocab + n_ctx`，类型 `float32`。
# - QK：位置 $p$ 的查询与位置 $p - 1$ 的键相配，分数是 `strength`，$p$ 从 1 到 `n_ctx - 1`；其余全是 0。位置 0 只看得见自己，不必管它。
# - OV：读 `token` 一块，原样写进 `previous` 一块（第 $t$ 个数写到第 $t$ 个）；其余全是 0。
#
# 例如 `n_vocab` 是 1、`n_ctx` 是 2 时，`d_model` 是 5，位置占下标 3 和 4：QK 只有第 4 行第 3 列是 `strength`，OV 只有第 0 行第 1 列是 1。
# `strength` 多大才够？位置 $p$ 有 $p + 1$ 个位置可看，看对的权重是 $e^s/(e^s + p)$。
# %% [markdown] lang="en"
# ### Exercise · the previous-token head · 20 min
#
# Return two circuits, both `d_model d_model` where `d_model` is `3 * n_vocab + n_ctx`, in `float32`.
# - QK: the query of position $p$ matches the key of position $p - 1$ with the score `strength`, for $p$ from 1 to `n_ctx - 1`; all else is 0. Position 0 sees only itself, and needs nothing.
# - OV: read the segment `token`, and write it as it is into the segment `previous` (number $t$ to number $t$); all else is 0.
#
# For example, with `n_vocab` 1 and `n_ctx` 2 the `d_model` is 5, and the positions have the indices 3 and 4: QK has only `strength` in row 4, column 3, and OV only a 1 in row 0, column 1.
# How large must `strength` be? Position $p$ can see $p + 1$ positions, and the weight on the right one is $e^s/(e^s + p)$.
# %% exercise="previous_token_circuits" difficulty=3 importance=4 minutes=20
def previous_token_circuits(
    n_vocab: int, n_ctx: int, strength: float
) -> tuple[Float[Tensor, "d_model d_model"], Float[Tensor, "d_model d_model"]]:
    """QK and OV of the head that writes down at each position which token came before."""
    token, previous, _, position = parts(n_vocab, n_ctx)
    QK, OV = torch.zeros(2, 3 * n_vocab + n_ctx, 3 * n_vocab + n_ctx)
    # solution
    QK[position, position] = strength * torch.ones(n_ctx - 1).diag(-1)
    OV[token, previous] = torch.eye(n_vocab)
    return QK, OV


if __name__ == "__main__":
    if tests.test_previous_token_circuits(previous_token_circuits) and tests.test_circuit_head(circuit_head):
        x = stream(tokens, 8, 7)
        x = x + circuit_head(x, *previous_token_circuits(8, 7, strength=20))
        print("token   ", tokens[0].tolist())
        print("previous", x[0, :, parts(8, 7)[1]].argmax(dim=-1).tolist())


# %% [markdown] lang="zh" tags=["hint"]
# QK 里哪一块（哪些行、哪些列）要填？填的是单位矩阵，还是它错开一格？
# %% [markdown] lang="en" tags=["hint"]
# Which block of QK (which rows, which columns) is to be filled? With an identity, or one shifted by a place?
# %% [markdown] lang="zh" tags=["hint"]
# 行是查询，列是键：第 $p$ 行的 1 在第 $p - 1$ 列，也就是对角线*下面*一条。
# %% [markdown] lang="en" tags=["hint"]
# Rows are queries, columns keys: row $p$ has its 1 in column $p - 1$, on the diagonal *below* the main one.
# %% [markdown] lang="zh" tags=["hint"]
# `QK[position, position] = …` 给一整块赋值；`diag` 可以把数放到主对角线以外的一条上；循环一格一格地写也行。
# %% [markdown] lang="en" tags=["hint"]
# `QK[position, position] = …` assigns a whole block; `diag` can put numbers on a diagonal other than the main one; a loop over the places is fine, too.
# %% [markdown] lang="zh" tags=["question"] see="induction_circuits"
# 先预测再往下写：词元 1 到 49 里随机挑 20 个，重复一遍。不算后一半的第一个词元，训练得再好的二元语法模型，后一半平均每个词元损失多少？归纳头呢？
# %% [markdown] lang="en" tags=["question"] see="induction_circuits"
# Predict before you write on: 20 random tokens of 1 to 49 are repeated. What is the loss per token of the second half, without its first token, for a bigram model, however well trained? And for an induction head?
# %% [markdown] lang="zh" tags=["answer"]
# 二元语法模型：每一行的词元都重新抽，谁跟着谁没有规律，只是没有词元紧跟着自己；其余 48 个一样可能，所以损失是 $\ln 48 = 3.87$。前一半也是这样，只有第一个词元是 $\ln 49$。
# 归纳头：几乎是 0。它没有背下任何一对，每一行都是第一次见；它学会的是*怎么查*。
# %% [markdown] lang="en" tags=["answer"]
# For the bigram model: tokens are drawn anew for each row, and no token prefers another, except that none comes right after itself. The other 48 are equally likely, so the loss is $\ln 48 = 3.87$. The first half is the same, except for $\ln 49$ at its first token.
# For the induction head nearly 0. It has learned no pair by heart, and sees each row for the first time; what it knows is *how to look up*.
# %% [markdown] lang="zh"
# ### 练习 · 归纳头 · 25 分钟
#
# 第二个头的两个回路，形状与类型同上。
# - QK：词元为 $t$ 的查询（`token` 一块）与“前一个是 $t$”的键（`previous` 一块）相配，分数是 `strength`，每个 $t$ 都如此，0 也在内。
# - 另外，*每个*查询与词元 0 的键（`token` 一块）都有分数 `strength / 2`，那是歇脚的地方；QK 的其余全是 0。
# - OV：读 `token` 一块，原样写进 `guess` 一块，只有词元 0 例外，它什么也不写；其余全是 0。
#
# 找得到时，`strength` 胜过一半；找不到时，一半胜过 0。
# 例如 `n_vocab` 是 2、`n_ctx` 是 1 时，`token`、`previous`、`guess` 从下标 0、2、4 开始，`d_model` 是 7：QK 的第 0 行第 2 列和第 1 行第 3 列是 `strength`，两行在第 0 列都是 `strength / 2`；OV 只有第 1 行第 5 列是 1。
# %% [markdown] lang="en"
# ### Exercise · the induction head · 25 min
#
# The two circuits of the second head, of the same shapes and dtype.
# - QK: the query of a token $t$ (segment `token`) matches the key whose token before was $t$ (segment `previous`) with the score `strength`, for each $t$, also for 0.
# - Besides, *every* query has the score `strength / 2` with the key of token 0 (segment `token`), the place to rest; all else in QK is 0.
# - OV: read the segment `token`, and write it as it is into the segment `guess`, except that token 0 writes nothing; all else is 0.
#
# Where something is found, `strength` beats its half; where nothing is, the half beats 0.
# For example, with `n_vocab` 2 and `n_ctx` 1, `token`, `previous` and `guess` begin at the indices 0, 2 and 4, and `d_model` is 7: QK has `strength` in row 0, column 2 and in row 1, column 3, and `strength / 2` in column 0 of both rows; OV has only a 1 in row 1, column 5.
# %% exercise="induction_circuits" difficulty=4 importance=5 minutes=25
def induction_circuits(
    n_vocab: int, n_ctx: int, strength: float
) -> tuple[Float[Tensor, "d_model d_model"], Float[Tensor, "d_model d_model"]]:
    """QK and OV of the head that looks up what came after the current token before."""
    token, previous, guess, _ = parts(n_vocab, n_ctx)
    QK, OV = torch.zeros(2, 3 * n_vocab + n_ctx, 3 * n_vocab + n_ctx)
    # solution
    QK[token, previous] = strength * torch.eye(n_vocab)
    QK[token, 0] = strength / 2
    OV[token, guess] = torch.eye(n_vocab)
    OV[0] = 0
    return QK, OV


def guesses(
    tokens: Int[Tensor, "batch seq"], heads: list[tuple[Tensor, Tensor]], n_vocab: int
) -> Float[Tensor, "batch seq n_vocab"]:
    """The logits of a transformer with these heads, one a layer; 12 for what is guessed."""
    x = stream(tokens, n_vocab, tokens.shape[1])
    for QK, OV in heads:
        x = x + circuit_head(x, QK, OV)
    return 12 * x[..., parts(n_vocab, tokens.shape[1])[2]]


if __name__ == "__main__":
    ready = tests.test_previous_token_circuits(previous_token_circuits), tests.test_circuit_head(circuit_head)
    if all([tests.test_induction_circuits(induction_circuits), *ready, tests.test_next_token_loss(next_token_loss)]):
        n_vocab, half = 50, 20
        tokens = repeated(batch=64, half=half, n_vocab=n_vocab, seed=0)
        first, second = (make(n_vocab, 1 + 2 * half, 20) for make in (previous_token_circuits, induction_circuits))
        losses = {}
        for name, heads in (("both", [first, second]), ("first ablated", [second]), ("second ablated", [first])):
            losses[name] = next_token_loss(guesses(tokens, heads, n_vocab), tokens).mean(dim=0)
            means = losses[name][:half].mean(), losses[name][half + 1 :].mean()
            print(f"{name}: loss in the first half {means[0]:.2f}, in the second {means[1]:.4f}")
        figures.induction(losses["both"].tolist(), losses["first ablated"].tolist(), half).show()


# %% [markdown] lang="zh" tags=["hint"]
# 查询读哪一块？键读哪一块？它们的交叉处在 QK 的哪些行、哪些列？
# %% [markdown] lang="en" tags=["hint"]
# Which segment does the query read, and which the key? In which rows and columns of QK do they cross?
# %% [markdown] lang="zh" tags=["hint"]
# 歇脚的分数是一整列：`token` 块的所有行，词元 0 的那一列。
# %% [markdown] lang="en" tags=["hint"]
# The place to rest is a whole column: all rows of the segment `token`, and the column of token 0.
# %% [markdown] lang="zh" tags=["hint"]
# 两块单位矩阵、一列常数，最后把 OV 里词元 0 的那一行清零。
# %% [markdown] lang="en" tags=["hint"]
# Two blocks of an identity, one constant column, and at the end the row of token 0 in OV set to 0.
# %% [markdown] lang="zh" numbers="3.91"
# 前一半的损失是 3.91，就是 $\ln 50$：什么也没查到，头歇在 BOS 上，logits 几乎全是 0。
# 后一半从它的第二个词元算起，几乎是 0，而一个数也没有训练过（第一个词元还查不到，图上看得出来）。
# 去掉*第一个*头，归纳头自己完好无损，却什么也查不到：它读的 `previous` 一块是空的。
# 两层的头这样接力叫组合（composition）：第二个头的键，是第一个头写出来的。
# %% [markdown] lang="en" numbers="3.91"
# In the first half the loss is 3.91, which is $\ln 50$: nothing is found, the head rests on BOS, and all logits are nearly 0.
# In the second half, counted from its second token on, it is nearly 0, and not one number was trained (its first token can't be looked up yet, as the figure shows).
# Take away the *first* head, and the induction head is unharmed but finds nothing: the segment `previous` that it reads is empty.
# When a head reads what a head of an earlier layer wrote, that is called **composition**: here the keys of the second are made by the first.
# %% [markdown] lang="zh" tags=["question"] see="induction_circuits"
# 后一半的损失是多少，能事先算出来吗？logits 是 12 和 49 个 0。（先算，再与上面的输出比。）
# %% [markdown] lang="en" tags=["question"] see="induction_circuits"
# Could you have worked out the loss in the second half? The logits are a 12 and 49 zeros. (Work it out, then compare it with the output above.)
# %% [markdown] lang="zh" tags=["answer"]
# $-\ln \frac{e^{12}}{e^{12} + 49} = \ln(1 + 49 e^{-12}) \approx 49 \cdot 6.1 \cdot 10^{-6} = 0.0003$；与输出一致。真值还略高一点，四位小数里看不出来：`strength` 是 20，权重并不恰好是 1，歇脚处分走了约 $e^{-10}$。
# %% [markdown] lang="en" tags=["answer"]
# $-\ln \frac{e^{12}}{e^{12} + 49} = \ln(1 + 49 e^{-12}) \approx 49 \cdot 6.1 \cdot 10^{-6} = 0.0003$; as in the output. The true loss is a little higher, too little for four decimals: with a `strength` of 20 the weight isn't exactly 1, and the place to rest takes about $e^{-10}$ of it.
# %% [markdown] lang="zh" tags=["question"] see="induction_circuits"
# 把这两个头各读成词元对词元的表：从 `token` 一块读，到 `guess` 一块为止（logits 是 `guess` 的 12 倍）。归纳头的表里哪些数不是 0？第一个头的呢？它的表若是这样，去掉它又怎么会那么要紧？
# %% [markdown] lang="en" tags=["question"] see="induction_circuits"
# Read both heads as tables of tokens by tokens: from the segment `token` to the segment `guess` (logits are 12 times `guess`). Which numbers of the induction head's table aren't 0? And of the first head's? With such a table, how can leaving it out matter so much?
# %% [markdown] lang="zh" tags=["answer"]
# 归纳头：对角线上是 12，只有词元 0 那一格是 0，其余全是 0。它看到谁就猜谁，是纯粹的照抄；聪明全在看哪里。
# 第一个头：整张表全是 0，它只写 `previous`，logits 从不直接读那里。它的作用要经过归纳头的键：只看一个头直接加了什么，会漏掉这种接力。
# %% [markdown] lang="en" tags=["answer"]
# The induction head: 12 along the diagonal, but 0 for token 0, and 0 everywhere else. It guesses whomever it sees, which is mere copying; all the cleverness is in where it looks.
# The first head: the whole table is 0, as it writes into `previous` only, which the logits never read. It acts through the induction head's keys: whoever looks only at what a head adds directly misses such teamwork.
# %% [markdown] lang="zh"
# **读物**：Catherine Olsson、Nelson Elhage、Neel Nanda 等，[In-context Learning and Induction Heads](https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads/index.html)（2022，英文）。
# 它说明归纳头不只是我们亲手搭出来的玩具：两层以上的模型，训练早期损失曲线上有一个小坎，归纳头正好在那时出现，模型利用上下文的本领也正好在那时大涨。
# 读时想：它用六条论据说明两件事有关；哪几条是因果（动手改，看结果），哪些只是相关？
# %% [markdown] lang="en"
# **Reading**: Catherine Olsson, Nelson Elhage, Neel Nanda and others, [In-context Learning and Induction Heads](https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads/index.html) (2022, in English).
# It shows that induction heads are more than something we can build by hand: in models of two layers or more, the loss curve has a bump early in training; induction heads appear just then, and just then the model becomes much better at using its context.
# While you read: it has six arguments that the two belong together; which show a cause (change something, and see what happens), and which show only correlation?
# %% [markdown] lang="zh" numbers="0.75 1.69 9.19"
# ## 4 · 从奖励中学习
# ### 没有正确答案
#
# 到现在为止，样本大多自带答案：标签、下一个词元，或者要还原的图片本身。强化学习（reinforcement learning）没有：你做一个动作（action），得到一个奖励（reward），没人告诉你别的动作会怎样。
# 最小的例子是老虎机（bandit）：几条手臂，每次拉一条，奖励随机；要找出平均最好的那条。
# 策略（policy）是动作的概率，这里就是一行 logits 的 softmax，记作 $p$；目标是让平均奖励 $J = \sum_a p_a m_a$ 最大，$m_a$ 是手臂 $a$ 的平均奖励。
#
# 若知道 $m$，$J$ 的梯度，即策略梯度（policy gradient），很简单。softmax 的雅可比（`part3_networks`）给出
#
# $$\frac{\partial J}{\partial \ell_a} = p_a\,(m_a - J)$$
#
# 其中 $\ell_a$ 是手臂 $a$ 的 logit。比平均好的手臂，logit 升；比平均差的，降；很少拉的手臂，动得也少。
# 手算：$p = (\frac{1}{4}, \frac{3}{4})$，$m = (4, 0)$：$J = 1$，梯度是 $(\frac{1}{4} \cdot 3,\ \frac{3}{4} \cdot (-1)) = (0.75, -0.75)$。
#
# 可是 $m$ 正是不知道的。REINFORCE 的窍门：对数的导数给出 $\nabla \ln p_a = \nabla p_a / p_a$，即 $\nabla p_a = p_a \nabla \ln p_a$（$\nabla$ 是对 logits 的梯度），所以
#
# $$\nabla J = \sum_a p_a\, m_a \nabla \ln p_a$$
#
# 这是一个*期望*，能用抽样来估：照策略抽动作 $a$，拿到奖励 $r$，把 $r\,\nabla \ln p_a$ 平均起来。
# 奖励本身不必求导：$m_a$ 里没有 logits，它只是权重；所以奖励怎么来的，可以一无所知。
# 对 logits 来说，$\nabla \ln p_a$ 就是独热向量减 $p$。
# 手算：抽到手臂 0（奖励 4）得 $4 \cdot (\frac{3}{4}, -\frac{3}{4}) = (3, -3)$，抽到手臂 1（奖励 0）得 $(0, 0)$；按概率平均，$\frac{1}{4} \cdot (3, -3) = (0.75, -0.75)$，对上了。
#
# 从奖励里减去一个数 $b$，叫基线（baseline）。只要 $b$ 与抽到哪个动作无关，期望就不变：$b$ 可以提到和的外面，各个 $p_a \nabla \ln p_a$ 加起来是 $\nabla 1 = 0$。
# 若 $b$ 随抽到的动作而变，各项乘的数不同，就提不出来，梯度一般就偏了；前几次奖励的平均可以用，那时这一次还没有抽。
# 抖动变小还是变大，要看 $b$：在平常的奖励附近，通常会变小；离得远，反而变大。
# 第一个分量的方差，$b = 0$ 时是 $\frac{1}{4} \cdot 3^2 - 0.75^2 = 1.69$，$b = 1$ 时是 $\frac{1}{4} \cdot 2.25^2 + \frac{3}{4} \cdot 0.25^2 - 0.75^2 = 0.75$；$b = 3$ 时是 0，$b = 10$ 时却有 9.19。
# 这里最好的 $b$ 不是平均奖励 1：抽到手臂 0 的那一步大，它的奖励也就更作数。平均奖励未必最好，但容易得到，多半也够好。
# %% [markdown] lang="en" numbers="0.75 1.69 9.19"
# ## 4 · Learning from rewards
# ### No right answer is given
#
# So far most examples came with their answer: a label, the next token, or the picture itself to be rebuilt. **Reinforcement learning** has none: you take an action, get a reward, and nobody says what another action would have brought.
# The smallest example is a **bandit**: a few arms, one pulled at a time, with random rewards; find the arm with the best mean.
# A **policy** is the probability of each action, here the softmax of a row of logits, called $p$; the aim is the largest mean reward $J = \sum_a p_a m_a$, where $m_a$ is the mean reward of arm $a$.
#
# With $m$ known, the gradient of $J$, the **policy gradient**, is simple. The Jacobian of softmax (`part3_networks`) gives
#
# $$\frac{\partial J}{\partial \ell_a} = p_a\,(m_a - J)$$
#
# Here $\ell_a$ is the logit of arm $a$. It goes up for an arm better than the mean, down for a worse one, and moves little for one that is seldom pulled.
# By hand: with $p = (\frac{1}{4}, \frac{3}{4})$ and $m = (4, 0)$, $J = 1$, and the gradient is $(\frac{1}{4} \cdot 3,\ \frac{3}{4} \cdot (-1)) = (0.75, -0.75)$.
#
# But $m$ is just what isn't known. The trick of REINFORCE: the derivative of the logarithm gives $\nabla \ln p_a = \nabla p_a / p_a$, that is $\nabla p_a = p_a \nabla \ln p_a$ ($\nabla$ is the gradient with respect to the logits), and so
#
# $$\nabla J = \sum_a p_a\, m_a \nabla \ln p_a$$
#
# This is an *expectation*, and sampling can estimate it: draw an action $a$ from the policy, get the reward $r$, and average $r\,\nabla \ln p_a$.
# The reward needs no derivative: no logit occurs in $m_a$, which is only a weight; so nothing has to be known about where rewards come from.
# With respect to the logits, $\nabla \ln p_a$ is the one-hot vector minus $p$.
# By hand: drawing arm 0 (reward 4) gives $4 \cdot (\frac{3}{4}, -\frac{3}{4}) = (3, -3)$, drawing arm 1 (reward 0) gives $(0, 0)$; weighted by their probabilities, $\frac{1}{4} \cdot (3, -3) = (0.75, -0.75)$, as it should be.
#
# Subtract a number $b$ from the rewards, a **baseline**. As long as $b$ doesn't depend on which action is drawn, the expectation stays: $b$ can be taken out of the sum, and all $p_a \nabla \ln p_a$ together are $\nabla 1 = 0$.
# If $b$ changes with the action drawn, each term has another factor, nothing can be taken out, and the gradient is biased in general; the mean of earlier rewards may be used, as it was there before this draw.
# Whether the noise shrinks depends on $b$: near the usual reward it generally does, far from it the noise grows.
# The variance of the first component is $\frac{1}{4} \cdot 3^2 - 0.75^2 = 1.69$ for $b = 0$, and $\frac{1}{4} \cdot 2.25^2 + \frac{3}{4} \cdot 0.25^2 - 0.75^2 = 0.75$ for $b = 1$; it is 0 for $b = 3$, but 9.19 for $b = 10$.
# So the best $b$ here isn't the mean reward, 1: drawing arm 0 makes the larger step, and its reward counts for more. The mean reward needn't be the best baseline, but it is easy to get and usually good enough.
# %%
if __name__ == "__main__":
    p, m = torch.tensor([0.25, 0.75]), torch.tensor([4.0, 0])
    for baseline in (0, 1, 3, 10):
        samples = (m - baseline)[:, None] * (torch.eye(2) - p)  # in row a what drawing a gives
        mean = p @ samples
        variance = p @ (samples[:, 0] - mean[0]) ** 2
        print(f"baseline {baseline}: gradient {mean.tolist()}, variance of its first component {variance:.2f}")


# %% [markdown] lang="zh"
# ### 练习 · 准确的梯度 · 10 分钟
#
# 平均奖励已知时，$J$ 对 logits 的梯度。用公式或 `torch.autograd` 都行；返回的张量不再与计算图相连。
# `logits` 与 `means` 类型相同，结果也是这个类型；logits 上千也不许出现 `nan`。
# 例如 logits 是 $(0, \ln 3)$、`means` 是 $(4, 0)$ 时，返回 $(0.75, -0.75)$。
# 它用来检验下一个练习：估计再抖，平均起来也要等于它。
# %% [markdown] lang="en"
# ### Exercise · the exact gradient · 10 min
#
# The gradient of $J$ with respect to the logits when the mean rewards are known. By the formula or by `torch.autograd`, as you like; the tensor you return isn't part of a graph any more.
# `logits` and `means` have the same dtype, and so has the result; logits in the thousands must not give `nan`.
# For example, the logits $(0, \ln 3)$ and the `means` $(4, 0)$ give $(0.75, -0.75)$.
# It is there to check the next exercise: however noisy the estimates are, their mean must equal it.
# %% exercise="reward_gradient" difficulty=2 importance=3 minutes=10
def reward_gradient(logits: Float[Tensor, " arms"], means: Float[Tensor, " arms"]) -> Float[Tensor, " arms"]:
    """The gradient of the expected reward of the policy softmax(logits)."""
    # solution
    p = logits.detach().softmax(dim=0)
    return p * (means - p @ means)


if __name__ == "__main__":
    tests.test_reward_gradient(reward_gradient)


# %% [markdown] lang="zh" tags=["hint"]
# 公式里的 $J$ 是一个数，哪两个向量的内积？
# %% [markdown] lang="en" tags=["hint"]
# The $J$ of the formula is a number: the inner product of which two vectors?
# %% [markdown] lang="zh" tags=["hint"]
# 先 `softmax`，再逐项 $p_a (m_a - J)$。
# %% [markdown] lang="en" tags=["hint"]
# First `softmax`, then $p_a (m_a - J)$, element by element.
# %% [markdown] lang="zh"
# ### 练习 · REINFORCE · 20 分钟
#
# 由一批抽到的动作和它们的奖励估计梯度：$(r - b)\,(e_a - p)$ 对这一批求平均，$e_a$ 是动作 $a$ 的独热向量，$p$ 是 logits 的 softmax，$b$ 是 `baseline`。
# 至少有一个样本；返回的张量不再与计算图相连；logits 上千也不许出现 `nan`。
# 结果的类型与 `logits` 相同；奖励常由别的程序给出，类型可能不同，比如 logits 是 `float32`，奖励却是 `float64`。
# 例如 logits 是 $(0, \ln 3)$，动作 0、1、1、1，奖励 4、0、0、0：返回 $(0.75, -0.75)$；`baseline` 是 1 时也一样，因为这一批的比例恰好是 $p$。
# %% [markdown] lang="en"
# ### Exercise · REINFORCE · 20 min
#
# Estimate the gradient from a batch of actions drawn and the rewards they brought: the mean over the batch of $(r - b)\,(e_a - p)$, where $e_a$ is the one-hot vector of the action $a$, $p$ is the softmax of the logits and $b$ the `baseline`.
# There is at least one sample; the tensor you return isn't part of a graph; logits in the thousands must not give `nan`.
# The dtype of the result is that of `logits`; rewards often come from another program, and may have another dtype: `float64`, say, where the logits are `float32`.
# For example, the logits $(0, \ln 3)$, the actions 0, 1, 1, 1 and the rewards 4, 0, 0, 0 give $(0.75, -0.75)$; with a `baseline` of 1 as well, because the shares in this batch are exactly $p$.
# %% exercise="reinforce_gradient" difficulty=3 importance=4 minutes=20
def reinforce_gradient(
    logits: Float[Tensor, " arms"],
    actions: Int[Tensor, " batch"],
    rewards: Float[Tensor, " batch"],
    baseline: float = 0.0,
) -> Float[Tensor, " arms"]:
    """An estimate of the gradient of the expected reward, from samples alone."""
    # solution
    p = logits.detach().softmax(dim=0)
    scores = F.one_hot(actions, len(p)).to(p.dtype) - p
    return ((rewards - baseline).to(p.dtype)[:, None] * scores).mean(dim=0)


MEANS = torch.tensor([29.0, 30.0, 29.5, 28.0])  # of the arms; nobody tells the policy


def play(steps: int, lr: float, with_baseline: bool, seed: int) -> list[float]:
    """The probability of the best arm while the policy learns from 10 pulls a step."""
    generator, logits, seen, best = torch.Generator().manual_seed(seed), torch.zeros(4), 0.0, []
    for _ in range(steps):
        p = logits.softmax(dim=0)
        best.append(float(p[1]))
        actions = torch.multinomial(p, 10, replacement=True, generator=generator)
        rewards = MEANS[actions] + torch.randn(10, generator=generator)
        logits = logits + lr * reinforce_gradient(logits, actions, rewards, seen if with_baseline else 0.0)
        seen = float(rewards.mean())  # the mean of the pulls before: it doesn't depend on the next ones
    return best


if __name__ == "__main__":
    if tests.test_reinforce_gradient(reinforce_gradient) and tests.test_reward_gradient(reward_gradient):
        logits, generator = torch.tensor([0.0, 1, -1, 0.5]), torch.Generator().manual_seed(0)
        actions = torch.multinomial(logits.softmax(dim=0), 100_000, replacement=True, generator=generator)
        rewards = MEANS[actions] + torch.randn(100_000, generator=generator)
        estimate, exact = reinforce_gradient(logits, actions, rewards, 29.0), reward_gradient(logits, MEANS)
        print("estimate", [round(g, 2) for g in estimate.tolist()], " exact", [round(g, 2) for g in exact.tolist()])
        runs = {name: [play(300, 0.1, name, seed) for seed in range(5)] for name in (False, True)}
        figures.bandit(runs[False], runs[True]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 每个样本给出一个向量：它的形状是什么？`batch` 轴上最后做什么？
# %% [markdown] lang="en" tags=["hint"]
# Each sample gives a vector: of which shape? And what is done over `batch` at the end?
# %% [markdown] lang="zh" tags=["hint"]
# `F.one_hot(actions, n)` 给出整数的独热行；奖励要加一个轴才能与它们相乘。
# %% [markdown] lang="en" tags=["hint"]
# `F.one_hot(actions, n)` gives one-hot rows of integers; the rewards need another axis to be multiplied with them.
# %% [markdown] lang="zh" tags=["hint"]
# $(r - b)$ 成一列，乘 `one_hot - p` 的每一行，再对 `batch` 平均。
# %% [markdown] lang="en" tags=["hint"]
# $(r - b)$ as a column, times each row of `one_hot - p`, then the mean over `batch`.
# %% [markdown] lang="zh" tags=["question"] see="reinforce_gradient"
# 没有基线时，所有奖励都在 29 上下，都是正的：单看一次抽取，抽到哪条手臂，哪条的 logit 就升。为什么最后（期望上）还是最好的手臂胜出？又为什么有的种子偏偏选错？
# %% [markdown] lang="en" tags=["question"] see="reinforce_gradient"
# Without a baseline all rewards are around 29, all positive: in a single draw, whichever arm is drawn, its logit goes up. Why does the best arm still win in expectation? And why do some seeds settle on a wrong one?
# %% [markdown] lang="zh" tags=["answer"]
# 一个升，别的就（相对地）降；好手臂每次升得多一点，期望上它净升，这就是无偏。
# 可是 29 与 30 只差三十分之一，抽签的运气却全算在内：早早多抽到几次的手臂越来越容易再被抽到，概率很快接近 1，几乎再也没有机会试别的。
# 基线去掉了公共的 29，剩下的是“比平均好还是差”，还有一点噪声。
# %% [markdown] lang="en" tags=["answer"]
# When one goes up, the others go down in comparison; a good arm goes up by a little more each time, so in expectation it gains: the estimate is unbiased.
# But 29 and 30 differ by a thirtieth, while the luck of the draw counts in full: an arm drawn a few times more at first is drawn more and more, its probability is soon close to 1, and the others are hardly ever tried again.
# The baseline takes away the common 29, and what is left says better or worse than the mean, with some noise.
# %% [markdown] lang="zh"
# **读物**：Joshua Achiam，[Spinning Up in Deep RL](https://spinningup.openai.com/en/latest/spinningup/rl_intro3.html)，第 3 部分“Intro to Policy Optimization”（英文；有中文译本）。
# 它从一次拉杆推广到一整串动作，并给出可以直接运行的策略梯度代码；中文也可以读《动手学强化学习》（张伟楠等）。
# 读时想：它证明可以只用动作*之后*的奖励（reward-to-go）；过去的奖励为什么和基线一样，期望上不起作用？
# %% [markdown] lang="en"
# **Reading**: Joshua Achiam, [Spinning Up in Deep RL](https://spinningup.openai.com/en/latest/spinningup/rl_intro3.html), part 3, “Intro to Policy Optimization” (in English).
# It goes from a single pull to whole sequences of actions, and has code for policy gradients that runs as it stands.
# While you read: it proves that only rewards *after* an action need to count (reward-to-go); why do past rewards, like a baseline, do nothing in expectation?
# %% [markdown] lang="zh" numbers="-4 -6 -10"
# ## 5 · 一个状态值多少
# ### 一个状态一个方程
#
# 老虎机只有一步。真正的问题有许多步：动作把你带到另一个状态（state），奖励也许很晚才来。
# 一个状态的价值（value）$v(s)$，是从这里起照策略走下去，所有奖励之和的期望；以后的奖励可以打折，每晚一步就多乘一次 $\gamma$，叫折扣（discount）；$\gamma = 1$ 就是不打折。
#
# 手算：一条走廊，出口 | A | B | 墙。每走一步奖励 −1，到出口结束；向左向右的概率各一半，撞墙就留在原地；不打折。
# $v_A = -1 + \frac{1}{2} \cdot 0 + \frac{1}{2} v_B$，因为往左是出口，往右是 B。
# $v_B = -1 + \frac{1}{2} v_A + \frac{1}{2} v_B$，因为往右撞墙。
# 第二个方程化成 $v_B = v_A - 2$；代入第一个，$v_A = -4$，$v_B = -6$。
#
# 每个状态一个方程，未知数就是价值：$v = r + \gamma P v$，其中 $P$ 的第 $s$ 行是从 $s$ 出发，下一步在每个状态的概率。
# 这叫贝尔曼方程（Bellman equation），它是*线性*的：$(I - \gamma P)\,v = r$，一次 `solve` 就行。
# 结束的状态之后什么也没有：它在 $P$ 里的那一行全是 0，奖励也是 0。
# 若把它当作一个停在原地的状态，它自己那一格的概率写成 1，那么 $\gamma = 1$ 时，$I - \gamma P$ 里它那一行全是 0，方程就没有唯一解，`solve` 也用不了。
#
# 一个永远走不到头的策略，比如一直撞墙，不打折时没有价值（$-1-1-\ldots$），矩阵奇异；$\gamma = 0.9$ 时价值是 $-1/(1 - 0.9) = -10$。
# 一般地，$0 \le \gamma < 1$ 时矩阵总可逆；$\gamma = 1$ 时，只要从每个状态出发都有机会走到结束，就可逆。
# %% [markdown] lang="en" numbers="-4 -6 -10"
# ## 5 · What a state is worth
# ### One equation for each state
#
# A bandit has one step. Real problems have many: an action takes you to another **state**, and the reward may come late.
# The **value** $v(s)$ of a state is the expected sum of all rewards from here on, following the policy; later rewards may count less, by a factor $\gamma$ for each step of delay, called the **discount**; with $\gamma = 1$ all count in full.
#
# By hand: a corridor, exit | A | B | wall. Each step has the reward −1, and the exit ends it; left and right are equally likely, running into the wall stays in place; no discount.
# $v_A = -1 + \frac{1}{2} \cdot 0 + \frac{1}{2} v_B$, since the exit is to the left and B to the right.
# $v_B = -1 + \frac{1}{2} v_A + \frac{1}{2} v_B$, since the wall is to the right.
# The second equation becomes $v_B = v_A - 2$; put into the first, $v_A = -4$ and $v_B = -6$.
#
# Each state has an equation, and the values are the unknowns: $v = r + \gamma P v$, where row $s$ of $P$ holds the probabilities of being in each state one step after $s$.
# This is called the **Bellman equation**, and it is *linear*: $(I - \gamma P)\,v = r$, one `solve`.
# After a state that ends everything there is nothing: its row of $P$ is all 0, and so is its reward.
# Written as a state that stays in place, with a probability of 1 in its own column, it would have a row of $I - \gamma P$ that is all 0 for $\gamma = 1$; then there is no unique solution, and `solve` is no use.
#
# A policy that never arrives, one that keeps running into the wall, say, has no value without a discount ($-1-1-\ldots$), and the matrix is singular; with $\gamma = 0.9$ the value is $-1/(1 - 0.9) = -10$.
# In general the matrix is invertible whenever $0 \le \gamma < 1$, and with $\gamma = 1$ if the end can be reached from every state.
# %%
if __name__ == "__main__":
    corridor, cost = torch.tensor([[0, 0, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]), torch.tensor([0, -1.0, -1])
    print("exit, A, B:", [round(v) for v in torch.linalg.solve(torch.eye(3) - corridor, cost).tolist()])
    print("against the wall for ever, discounted:", round(-1 / (1 - 0.9)))


# %% [markdown] lang="zh" tags=["question"] see="policy_values"
# 先预测：4×4 的格子，左上角和右下角是出口，每步 −1，四个方向各 1/4，撞墙留在原地。紧挨着出口的格子，平均要走几步才出得去？最远的角呢？
# %% [markdown] lang="en" tags=["question"] see="policy_values"
# Predict: a grid of 4×4, with exits in the upper left and the lower right corner, −1 for each step, four directions equally likely, and running into a wall stays in place. How many steps does it take on average from a cell beside an exit? And from the furthest corner?
# %% [markdown] lang="zh" tags=["answer"]
# 14 步和 22 步，多半比你猜的多得多：从紧挨出口的格子，只有四分之一的机会直接出去，四分之一撞墙白走一步，一半走得更远，常常要绕很久才回来。
# %% [markdown] lang="en" tags=["answer"]
# 14 and 22 steps, probably far more than you guessed: from a cell beside an exit, a quarter leave at once, a quarter waste a step on the wall, and half go further away, often for a long time.
# %% [markdown] lang="zh"
# ### 练习 · 策略的价值 · 15 分钟
#
# 解 $(I - \gamma P)\,v = r$，返回每个状态的价值。
# `transitions` 是 $P$，行是现在，列是下一步；结束的状态那一行全是 0（单是奖励为 0，并没有结束）。`rewards` 是在每个状态走一步的平均奖励。
# 矩阵总是可逆的。每个价值都要精确到约千分之一，`float32` 也不例外，一局（episode，从开始到结束的一趟）平均要走几百步时也不例外。迭代到收敛也算对。
# 例如走廊和 `gamma=1` 给出 `[0, -4, -6]`。
# %% [markdown] lang="en"
# ### Exercise · the values of a policy · 15 min
#
# Solve $(I - \gamma P)\,v = r$, and return the value of each state.
# `transitions` is $P$, with rows for now and columns for one step later; the row of a state that ends everything is all 0 (a reward of 0 alone ends nothing). `rewards` is the mean reward of a step from each state.
# The matrix is always invertible. Every value is accurate to about one in a thousand, in `float32` too, and also where an **episode**, one run from its start to the end, takes hundreds of steps on average. To iterate until nothing changes is right as well.
# For example, the corridor with `gamma=1` gives `[0, -4, -6]`.
# %% exercise="policy_values" difficulty=2 importance=4 minutes=15
def policy_values(
    transitions: Float[Tensor, "state state"], rewards: Float[Tensor, " state"], gamma: float = 1.0
) -> Float[Tensor, " state"]:
    """The expected sum of discounted rewards from each state on."""
    # solution
    eye = torch.eye(len(rewards), dtype=rewards.dtype, device=rewards.device)
    return torch.linalg.solve(eye - gamma * transitions, rewards)


def gridworld(policy: Float[Tensor, "state 4"], size: int = 4) -> Float[Tensor, "state state"]:
    """One step under the policy (up, down, left, right): exits in two corners, and walls around."""
    P = torch.zeros(size**2, size**2)
    for state in range(1, size**2 - 1):  # the first and the last are exits: their rows stay 0
        row, col = divmod(state, size)
        for (down, right), probability in zip(((-1, 0), (1, 0), (0, -1), (0, 1)), policy[state], strict=True):
            there = min(max(row + down, 0), size - 1), min(max(col + right, 0), size - 1)
            P[state, there[0] * size + there[1]] += probability
    return P


def greedy(values: Float[Tensor, " state"], size: int = 4) -> Float[Tensor, "state 4"]:
    """The policy that steps to the best neighbour; equally good ones share."""
    # `eye(4)[[a] * n]` has n times row a: the policy that goes that one way in every state
    reached = torch.stack([gridworld(torch.eye(4)[[a] * size**2], size) @ values for a in range(4)], dim=1)
    best = reached >= reached.amax(dim=1, keepdim=True) - 1e-3
    return best / best.sum(dim=1, keepdim=True)


if __name__ == "__main__":
    if tests.test_policy_values(policy_values):
        cost = torch.full((16,), -1.0)
        cost[[0, 15]] = 0
        policy = torch.full((16, 4), 0.25)
        values = policy_values(gridworld(policy), cost)
        better = greedy(values)
        print("random policy:", values.round().int().reshape(4, 4).tolist())
        print("one greedy step later:", policy_values(gridworld(better), cost).round().int().reshape(4, 4).tolist())
        figures.grid(values.reshape(4, 4), better).show()


# %% [markdown] lang="zh" tags=["hint"]
# 把 $v = r + \gamma P v$ 里所有的 $v$ 移到一边。
# %% [markdown] lang="en" tags=["hint"]
# Bring all $v$ of $v = r + \gamma P v$ to one side.
# %% [markdown] lang="zh" tags=["hint"]
# 单位矩阵要与 `rewards` 的类型相同；`torch.linalg.solve` 比求逆准。
# %% [markdown] lang="en" tags=["hint"]
# The identity needs the dtype of `rewards`; `torch.linalg.solve` is more accurate than an inverse.
# %% [markdown] lang="zh" numbers="-14 -22"
# 紧挨出口 −14，离出口最远的两个角 −22，最低：每步 −1、不打折，$-v(s)$ 就是平均要走的步数。
# 再看箭头：只按这些价值各走一步最好的，得到的策略已经是最优的，价值就是到出口的步数。
# 先估价值，再按价值改策略，如此反复，叫策略迭代（policy iteration）；这里一轮就够了。
# %% [markdown] lang="en" numbers="-14 -22"
# Beside an exit it is −14, and in the two corners furthest from the exits −22, the lowest: with −1 a step and no discount, $-v(s)$ is the mean number of steps.
# Then look at the arrows: a policy that steps to the best of these values is optimal already, and its values are the numbers of steps to an exit.
# To evaluate a policy, improve it by its values, and begin again is called **policy iteration**; here one round is enough.
# %% [markdown] lang="zh"
# **读物**：David Silver，[强化学习课程](https://www.davidsilver.uk/teaching/)（UCL，2015，英文录像和讲义）第 2、3 讲。
# 第 3 讲就有这张格子，不过是用一遍遍的扫描算的：从 $v = 0$ 开始，反复做 $v \leftarrow r + \gamma P v$。
# `solve` 一次就准；可是 $n$ 个状态要存 $n^2$ 个数，约 $n^3$ 次运算，上百万个状态就算不动了。扫描不必存整个矩阵，只用到去得了的下一步；但结果只是越来越近，并不精确。
# 读时想：连 $P$ 也不知道时，只凭走过的路径，为什么还能估出价值？
# %% [markdown] lang="en"
# **Reading**: David Silver, [lectures on reinforcement learning](https://www.davidsilver.uk/teaching/) (UCL 2015, recordings and slides in English), lectures 2 and 3.
# Lecture 3 has this very grid, worked out by sweeps: begin with $v = 0$, and repeat $v \leftarrow r + \gamma P v$.
# A `solve` is exact at once; but $n$ states need $n^2$ numbers and about $n^3$ operations, which is too much for a million. Sweeps need no whole matrix, only the next steps that are possible, but they come closer and closer without being exact.
# While you read: if even $P$ isn't known, why can values still be estimated from nothing but the paths that were walked?
# %% [markdown] lang="zh" numbers="1.66"
# ## 6 · 一个概念住在哪里
# ### 稀疏探针
#
# 第 2 天你关掉过通道，看哪个数字最先认不出来。现在反过来问：“这是 3”这个概念，住在哪几个通道里？
#
# 探针（probe）是一个小小的线性模型，从网络的激活里读出一个概念，网络本身不动。
# 用上所有通道，许多概念都读得出来，网络没用到的也在内，说明不了多少；所以用稀疏探针（sparse probe）：只许看 $k$ 个通道。
#
# 选哪几个？看两组的均值相差几个标准差。
# 手算：某个通道在两张是 3 的图上取值 4、6，在两张不是 3 的图上取值 1、3。
# 两组均值 5 和 2，差 3；四个数的均值 3.5，方差 $(0.25 + 6.25 + 6.25 + 0.25)/4 = 3.25$，标准差 1.80；分数是 $3/1.80 = 1.66$。
#
# 《Zoom In》提出三个主张：特征是方向，特征之间由权重连成回路，不同的网络里会出现相似的特征。
# 探针检验第一个，而且也看得到它的麻烦：同一个通道常常对好几个毫不相干的概念都有反应，叫多语义（polysemantic）。
# %% [markdown] lang="en" numbers="1.66"
# ## 6 · Where a concept lives
# ### Sparse probes
#
# On day 2 you silenced channels, and watched which digit was lost first. Now ask the other way: in which channels does the concept “this is a 3” live?
#
# A **probe** is a small linear model that reads a concept from a network's activations, while the network stays as it is.
# With all channels many concepts can be read, also ones the network doesn't use, and this tells little; so use a **sparse probe**, which may look at $k$ channels only.
#
# Which ones? See by how many standard deviations the means of the two groups differ.
# By hand: let a channel have the values 4 and 6 on two pictures of a 3, and 1 and 3 on two pictures of other digits.
# The means of the groups are 5 and 2, which differ by 3; the mean of all four is 3.5, the variance $(0.25 + 6.25 + 6.25 + 0.25)/4 = 3.25$, the standard deviation 1.80; the score is $3/1.80 = 1.66$.
#
# *Zoom In* makes three claims: features are directions, weights connect features to circuits, and similar features are found in different networks.
# Probes test the first, and also show what is difficult about it: one channel often responds to several concepts that have nothing in common, which is called **polysemantic**.
# %%
if __name__ == "__main__":
    channel, positive = torch.tensor([4.0, 6, 1, 3]), torch.tensor([True, True, False, False])
    difference = channel[positive].mean() - channel[~positive].mean()
    print(f"score {difference / channel.std(correction=0):.2f}")


# %% [markdown] lang="zh"
# ### 练习 · 稀疏探针 · 25 分钟
#
# 1. 每个通道的分数：两组均值之差的绝对值，除以*全部*样本的标准差（除以 $n$ 还是 $n - 1$，选出的通道都一样）。值全相同的通道分数是 0；测试里的这种通道全是 0 或全是 2，标准差恰好算得 0。
# 2. 留下分数最高的 `k` 个通道。
# 3. 在这 `k` 个通道上，用最小二乘（least squares：让误差的平方和最小，如 `part0_maths` 的线性回归）拟合 $\text{acts}\, w + b$，目标是 $+1$（`positive` 为真）和 $-1$。
#
# 返回长为 `channel` 的 `weight`，没选中的通道是 0，以及没有轴的 `bias`，类型都与 `acts` 相同。
# 可以相信的有：
# - `k` 从 1 到通道数；两组都不空，样本比 `k + 1` 多；
# - 分数不是 0 的通道至少有 `k` 个，它们没有并列；
# - 选中的通道彼此之间、与常数之间都线性无关。
#
# 通道的值可以离 0 很远（比如都在 1000 左右），大小也可以相差很多：在 `float32` 里也要精确到百分之一。
# 例如只有手算的那一个通道、`k = 1` 时：$w = 6/13 = 0.46$，$b = -21/13 = -1.62$。
# %% [markdown] lang="en"
# ### Exercise · a sparse probe · 25 min
#
# 1. The score of each channel: how far the means of the two groups are apart (the absolute difference), divided by the standard deviation of *all* samples (by $n$ or by $n - 1$, the same channels are kept). A channel with one value throughout has the score 0; in the test it is 0 or 2 throughout, so that its standard deviation comes out as exactly 0.
# 2. Keep the `k` channels with the highest scores.
# 3. On these `k` channels, fit $\text{acts}\, w + b$ by **least squares** (the smallest sum of squared errors, as in the linear regression of `part0_maths`) to $+1$ (where `positive` is true) and $-1$.
#
# Return the `weight`, of length `channel` with 0 for the channels not kept, and the `bias`, which has no axis, both of the dtype of `acts`.
# You may rely on this:
# - `k` is from 1 to the number of channels; neither group is empty, and there are more than `k + 1` samples;
# - at least `k` scores aren't 0, and no two of those are equal;
# - the channels kept are linearly independent of each other and of the constant.
#
# The values of a channel may be far from 0 (all of them near 1000, say), and channels may be on very different scales: be accurate to one in a hundred, in `float32` too.
# For example, with only the channel from above and `k = 1`: $w = 6/13 = 0.46$, $b = -21/13 = -1.62$.
# %% exercise="sparse_probe" difficulty=4 importance=3 minutes=25
def sparse_probe(
    acts: Float[Tensor, "n channel"], positive: Bool[Tensor, " n"], k: int
) -> tuple[Float[Tensor, " channel"], Float[Tensor, ""]]:
    """Weight and bias of the linear probe on the k channels that tell the two groups apart best."""
    # solution
    mean, std = acts.mean(dim=0), acts.std(dim=0, correction=0)
    centred = acts - mean
    gap = (centred[positive].mean(dim=0) - centred[~positive].mean(dim=0)).abs()
    kept = torch.where(std > 0, gap / std, 0).topk(k).indices
    columns = torch.cat([centred[:, kept], torch.ones_like(acts[:, :1])], dim=1)
    fitted = torch.linalg.lstsq(columns, 2 * positive[:, None].to(acts.dtype) - 1).solution[:, 0]
    weight = torch.zeros_like(mean).index_copy(0, kept, fitted[:-1])
    return weight, fitted[-1] - mean @ weight


if __name__ == "__main__":
    (train_images, train_labels), (images, labels) = get_digits(train=True)[:], get_digits(train=False)[:]
    digit, network = 3, None  # until it is trained
    is_digit, threes = train_labels == digit, images[labels == digit]
    if tests.test_sparse_probe(sparse_probe):
        network, _, accuracies = train_with_validation(TrainArgs(lambda: SmallResNet(width=8), epochs=6))
        network.eval()
        body, shares = network.get_submodule("body"), {}
        with torch.no_grad():
            train_acts, acts = body(train_images), body(images)
        print(f"the network: {accuracies[-1]:.1%} of the held-out digits right, {acts.shape[1]} channels")
        for k in (1, 2, 4, 8, 16, 32):
            weight, bias = sparse_probe(train_acts, is_digit, k)
            said = acts @ weight + bias > 0
            shares[k] = said[labels == digit].float().mean().item(), (~said[labels != digit]).float().mean().item()
            print(f"k = {k:2}: {shares[k][0]:.0%} of the threes found, {shares[k][1]:.0%} of the others left alone")


# %% [markdown] lang="zh" tags=["hint"]
# 哪些量是对每个通道一个？在哪个轴上求均值？`acts[positive]` 是什么形状？
# %% [markdown] lang="en" tags=["hint"]
# Which quantities are one for each channel? Over which axis is the mean? What is the shape of `acts[positive]`?
# %% [markdown] lang="zh" tags=["hint"]
# `topk(k).indices` 选通道；常数项是多出来的一列 1；`torch.linalg.lstsq(A, y).solution` 解最小二乘，`y` 要有两个轴。
# %% [markdown] lang="en" tags=["hint"]
# `topk(k).indices` selects channels; the constant is one more column, of ones; `torch.linalg.lstsq(A, y).solution` solves least squares, with a `y` of two axes.
# %% [markdown] lang="zh" tags=["hint"]
# 先全 0，再把拟合出来的前 `k` 个数放回选中的位置；离 0 很远的通道，先减去均值更准。
# %% [markdown] lang="en" tags=["hint"]
# Begin with zeros, and put the first `k` fitted numbers where the channels were kept; for channels far from 0, it is more accurate to subtract the mean first.
# %% [markdown] lang="zh" tags=["question"] see="sparse_probe"
# 一个探针“准确率 90%”，听起来不错。对“这是 3”来说，为什么这句话什么也没说？
# %% [markdown] lang="en" tags=["question"] see="sparse_probe"
# A probe has “an accuracy of 90%”, which sounds good. For “this is a 3”, why does that say nothing?
# %% [markdown] lang="zh" tags=["answer"]
# 大约十张图里才有一张是 3：永远说“不是”的探针也有约 90%。
# 所以上面分开报两个数：3 找到了几成，别的放过了几成；只看一个通道时，第一个数可能很低，总的准确率却照样过九成。
# %% [markdown] lang="en" tags=["answer"]
# About one picture in ten is a 3: a probe that always says no is right on about 90%.
# That is why two numbers are given above: how many threes are found, and how many others are left alone; with one channel the first may be low while the accuracy is above 90% all the same.
# %% [markdown] lang="zh" tags=["question"] see="sparse_probe"
# 探针在某个通道上读得出“3”。网络自己是不是也*用*了它？怎样才知道？
# %% [markdown] lang="en" tags=["question"] see="sparse_probe"
# A probe can read “3” from a channel. Does the network itself *use* it? How could you know?
# %% [markdown] lang="zh" tags=["answer"]
# 读得出来只说明相关。要知道因果，就动手：把这个通道关掉（第 2 天的 `ablate_channel`），看 3 还认不认得出。
# 下一格正是这样做的：每个通道各关一次，横轴是通道的分数，纵轴是 3 的对数概率降了多少。两者大体一致，但不全一致。
# %% [markdown] lang="en" tags=["answer"]
# The fact that it can be read shows only correlation. To learn about cause, change something: silence the channel (`ablate_channel` from day 2), and see whether threes are still recognised.
# The next cell does so with each channel in turn: the horizontal axis is the channel's score, the vertical one the fall in the log-probability of 3. The two agree by and large, but not everywhere.
# %%
if __name__ == "__main__":
    if network is not None:
        layer = network.get_submodule("body.5")  # the last group: averaged, its channels are `acts`
        gap = (train_acts[is_digit].mean(dim=0) - train_acts[torch.logical_not(is_digit)].mean(dim=0)).abs()
        scores = gap / train_acts.std(dim=0, correction=0).clamp(min=1e-6)
        without = [ablate_channel(network, layer, c, threes).log_softmax(dim=1)[:, digit].mean() for c in range(32)]
        # how much the log-probability of a 3 falls without each channel
        lost = network(threes).log_softmax(dim=1)[:, digit].mean().detach() - torch.stack(without)
        figures.probe(scores.tolist(), lost.tolist()).show()


# %% [markdown] lang="zh"
# **读物**：Chris Olah 等，[Zoom In: An Introduction to Circuits](https://distill.pub/2020/circuits/zoom-in/)（Distill，2020，英文）。
# 它在一个看照片的网络里，顺着权重从边缘看到曲线，再看到狗头和汽车。
# 读时想：它用七种论据证明“曲线检测器”真的检测曲线；哪几种最接近你刚才做的事？
# %% [markdown] lang="en"
# **Reading**: Chris Olah and others, [Zoom In: An Introduction to Circuits](https://distill.pub/2020/circuits/zoom-in/) (Distill 2020, in English).
# In a network that looks at photos it follows the weights from edges to curves, and on to dog heads and cars.
# While you read: it has seven arguments that a “curve detector” does detect curves; which of them come closest to what you just did?
# %% [markdown] lang="zh"
# ## 7 · 一个 Transformer 块
# ### 装起来
#
# 零件齐了。一个块做两件事，都是读出来、算一下、加回去：
#
# 1. *搬运*：归一化，多个注意力头，把结果加进残差流；
# 2. *思考*：归一化，一个两层的小网络（`part0_maths` 的多层感知机），对每个位置各算一次，再加进残差流。
#
# 归一化用层归一化（`part2_cnns`、`part3_networks`），放在每一支的*开头*，块里的残差流本身只被加，不被归一化：梯度有一条直路回去。
#
# 多个头并排做，每个头管 `d_model` 里的一段：`d_model` 是 6、`n_heads` 是 2 时，查询的前 3 个数归第 0 个头，后 3 个归第 1 个，键和值也一样。
# 各头的结果按同样的顺序接起来，再过 `output`。
# 为什么要多个头？一个头的权重和为 1，要同时看两处，就只好把权重分给两处，搬来的也混在一起；两个头可以各看一处。
# %% [markdown] lang="en"
# ## 7 · A transformer block
# ### Putting it together
#
# All parts are there. A block does two things, and each time it reads, works something out, and adds it:
#
# 1. *carry*: normalise, several attention heads, add the result to the residual stream;
# 2. *think*: normalise, a small network of two layers (the multilayer perceptron of `part0_maths`), for each position by itself, add the result to the residual stream.
#
# Layer norm (`part2_cnns`, `part3_networks`) stands at the *beginning* of each branch, so that inside a block the residual stream itself is only added to, and isn't normalised: gradients have a straight way back.
#
# Several heads work side by side, each on its piece of `d_model`: with a `d_model` of 6 and `n_heads` 2, the first 3 numbers of a query belong to head 0, the last 3 to head 1, and so for keys and values.
# The heads' results are put together in the same order, and go through `output`.
# Why several? The weights of a head sum to 1, so to look at two places it must share them out, and what it carries is mixed; two heads can look at one place each.
# %% [markdown] lang="zh" tags=["question"] see="Block"
# 一个块里，位置 5 的输出取决于哪些位置的输入？去掉注意力、只留小网络，又取决于哪些？
# %% [markdown] lang="en" tags=["question"] see="Block"
# In a block, on the inputs at which positions does the output at position 5 depend? And on which, if only the small network were left, without attention?
# %% [markdown] lang="zh" tags=["answer"]
# 位置 0 到 5；只有小网络时，只取决于位置 5。
# 练习之后的一格改动一个位置，数一数哪些输出变了。
# %% [markdown] lang="en" tags=["answer"]
# On positions 0 to 5; with the small network alone, on position 5 only.
# The cell after the exercise changes one position, and counts which outputs change.
# %% [markdown] lang="zh"
# ### 练习 · 块 · 25 分钟
#
# 用这些名字登记参数，形状与 `nn.Linear`、`nn.LayerNorm` 里的一样（可以直接用它们）；别的参数不要有，缓冲区（buffer）随意：
# `norm1`、`norm2`：两个模块，各是一个 `nn.LayerNorm(d_model)`；
# `query`、`key`、`value`、`output`：`d_model` 到 `d_model`，没有偏置；
# `up`：`d_model` 到 `4 * d_model`，`down`：再回来，都有偏置，中间是 ReLU。
#
# 前向：`x` 加上（`norm1`、分头、`attention_pattern`、加权求和、接起来、`output`），再加上（`norm2`、`up`、ReLU、`down`）；第二支读的是第一支加过之后的残差流。
# 每个头的 $d$ 是 `d_model / n_heads`（总能整除）。PyTorch 现成的注意力 `F.scaled_dot_product_attention` 也可以用；没有 dropout（训练时随机换成 0）。
# 前向的 `seq` 从 1 起任意长，上千也行。
# 例如 `output` 和 `down` 的权重与偏置全是 0 时，块什么也不做：返回 `x`。
# %% [markdown] lang="en"
# ### Exercise · the block · 25 min
#
# Register parameters of these names, shaped as in `nn.Linear` and `nn.LayerNorm` (which you may use as they are); no other parameters, but any buffers you like:
# `norm1` and `norm2`: two modules, each an `nn.LayerNorm(d_model)` of its own;
# `query`, `key`, `value`, `output`: from `d_model` to `d_model`, without bias;
# `up` from `d_model` to `4 * d_model`, and `down` back again, both with bias, ReLU in between.
#
# Forward: to `x` add the first branch (`norm1`, split into heads, `attention_pattern`, weighted sum, put together, `output`), then add the second (`norm2`, `up`, ReLU, `down`); the second branch reads the residual stream after the first was added.
# The $d$ of each head is `d_model / n_heads` (which always divides evenly). You may use `F.scaled_dot_product_attention`, PyTorch's own attention; there is no dropout (random zeros in training).
# A forward takes any `seq` from 1 on, also in the thousands.
# For example, where weights and bias of `output` and `down` are all 0, the block does nothing: it returns `x`.
# %% exercise="Block" difficulty=4 importance=5 minutes=25
class Block(nn.Module):
    """Causal attention and a small network, each added to the residual stream."""

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        # solution
        self.n_heads = n_heads
        self.norm1, self.norm2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.query, self.key, self.value, self.output = (nn.Linear(d_model, d_model, bias=False) for _ in range(4))
        self.up, self.down = nn.Linear(d_model, 4 * d_model), nn.Linear(4 * d_model, d_model)

    def forward(self, x: Float[Tensor, "batch seq d_model"]) -> Float[Tensor, "batch seq d_model"]:
        # solution
        read, pattern = self.norm1(x), "batch seq (head d) -> batch head seq d"
        q, k, v = (einops.rearrange(f(read), pattern, head=self.n_heads) for f in (self.query, self.key, self.value))
        carried = attention_pattern(q, k) @ v
        x = x + self.output(einops.rearrange(carried, "batch head seq d -> batch seq (head d)"))
        return x + self.down(F.relu(self.up(self.norm2(x))))


if __name__ == "__main__":
    ready = tests.test_attention_pattern(attention_pattern), tests.test_Block(Block)
    if all(ready):
        torch.manual_seed(0)
        block, x = Block(8, 2), torch.randn(1, 7, 8)
        changed = x.clone()
        changed[:, 4, 0] += 1
        moved = (block(changed) - block(x)).abs().amax(dim=-1)[0] > 0
        print("position 4 was changed; outputs that changed:", moved.nonzero().flatten().tolist())


# %% [markdown] lang="zh" tags=["hint"]
# 分头之后，查询有哪四个轴？`attention_pattern` 要求哪两个轴在最后？
# %% [markdown] lang="en" tags=["hint"]
# Once split into heads, which four axes does a query have? Which two does `attention_pattern` need last?
# %% [markdown] lang="zh" tags=["hint"]
# `einops.rearrange(…, "batch seq (head d) -> batch head seq d", head=…)` 分开，反过来写就接上。
# %% [markdown] lang="en" tags=["hint"]
# `einops.rearrange(…, "batch seq (head d) -> batch head seq d", head=…)` splits; written the other way round it joins.
# %% [markdown] lang="zh" tags=["hint"]
# 前向两行：`x = x + …`（第一支），`return x + …`（第二支）；两支都从归一化开始。
# %% [markdown] lang="en" tags=["hint"]
# Forward is two lines: `x = x + …` for the first branch, `return x + …` for the second; both begin with the normalisation.
# %% [markdown] lang="zh"
# ### 一分钟的训练
#
# 头尾再加上嵌入和解嵌入（解嵌入之前再归一化一次），就是完整的 Transformer。
# 还差一样：除了被掩码挡住的，注意力看到的是一*堆*词元，分数里没有谁先谁后；所以每个位置也有一个学来的向量，加在嵌入上，叫位置嵌入（positional embedding）。
# 第 3 节里我们手工给它独热向量，道理相同。
#
# 训练就是第 2 天的循环，损失是你写的 `next_token_loss` 的平均；每个位置同时是一道题，所以一批 16 行就有上千道。
#
# 该期待什么？文本是我们造的，平均损失的下限算得出来。
# 每行抽这些签：
#
# | 抽什么 | 几选一 | 奈特 |
# |---|---|---|
# | 第一个人 | 8 | $\ln 8 = 2.08$ |
# | 第二个人 | 7 | $\ln 7 = 1.95$ |
# | 两种颜色、两样东西 | 各 6 | $4 \ln 6 = 7.17$ |
# | 谁喜欢自己的 | 2 | $\ln 2 = 0.69$ |
# | 合计 | | 11.9 |
#
# 每行 79 个字符，第一个不用猜。八个名字首字母各不相同，第一个字符就定下了第一个人。
# 所以去掉他的 2.08，剩下 78 个字符分摊 9.8 奈特：平均约 0.13。
# 二元语法模型呢？第 1 节已经量过。
# %% [markdown] lang="en"
# ### A minute of training
#
# With an embedding and an unembedding at its ends (and one more normalisation before the unembedding), this is a whole transformer.
# One thing is missing: apart from what the mask hides, attention sees a *heap* of tokens, and nothing in the scores says which comes first; so each position, too, has a learned vector, added to the embedding, the **positional embedding**.
# In section 3 we gave it one-hot vectors by hand, for the same reason.
#
# Training is the loop of day 2, and the loss is the mean of your `next_token_loss`; each position is a task of its own, so a batch of 16 lines holds more than a thousand.
#
# What is to be expected? We made the text ourselves, so the lowest possible mean loss can be worked out.
# These are drawn for each line:
#
# | what | out of | nats |
# |---|---|---|
# | the first person | 8 | $\ln 8 = 2.08$ |
# | the second person | 7 | $\ln 7 = 1.95$ |
# | two colours, two things | 6 each | $4 \ln 6 = 7.17$ |
# | who likes their own | 2 | $\ln 2 = 0.69$ |
# | together | | 11.9 |
#
# A line has 79 characters, and the first isn't guessed. No two of the eight names begin alike, so this first character decides the first person.
# So the 2.08 of the first person drops out, and 9.8 nats are left for 78 characters: about 0.13 on average.
# And the bigram model? Section 1 has measured it.
# %% [markdown] lang="zh" tags=["question"] see="Block"
# 先预测：训练一分钟之后，`anna has a red kite. ben has a blue boat. anna likes the ` 后面接什么？拼写会对吗？颜色会出现在这一行里吗？会是 anna 的那一种吗？
# %% [markdown] lang="en" tags=["question"] see="Block"
# Predict: after a minute of training, how does `anna has a red kite. ben has a blue boat. anna likes the ` go on? Will the spelling be right? Will the colour be one of this line? Will it be anna's?
# %% [markdown] lang="zh" tags=["answer"]
# 拼写和句式几乎全对。颜色多半是这一行里的一种：它学会了回头看，这是第 3 节那种查找的第一步。
# 可是*谁的*颜色，一分钟之后往往还分不清：要先把名字搬到颜色那里，再拿名字去配，两步都学会才行。
# 下面“它真的回头看了吗”一格用数字裁决。
# %% [markdown] lang="en" tags=["answer"]
# Spelling and sentences are nearly perfect. The colour is mostly one of this line: it has learned to look back, the first step of the look-up of section 3.
# But *whose* colour it is, it often doesn't know after a minute: the name has to be carried to the colour first, and then matched, and both steps must be learned.
# The cell under “Does it really look back?” gives the answer in numbers.
# %%
class Transformer(nn.Module):
    """Logits of the next token at each position, for at most `n_ctx` positions."""

    def __init__(self, n_vocab: int, n_ctx: int, d_model: int = 64, n_heads: int = 4, n_layers: int = 2) -> None:
        super().__init__()
        self.embed, self.position = nn.Embedding(n_vocab, d_model), nn.Embedding(n_ctx, d_model)
        self.blocks = nn.Sequential(*(Block(d_model, n_heads) for _ in range(n_layers)))
        self.norm, self.unembed = nn.LayerNorm(d_model), nn.Linear(d_model, n_vocab)

    def forward(self, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch seq n_vocab"]:
        x = self.embed(tokens) + self.position(torch.arange(tokens.shape[1]))
        return self.unembed(self.norm(self.blocks(x)))


def train(model: nn.Module, text: Int[Tensor, "lines seq"], steps: int, lr: float = 6e-3) -> list[float]:
    """Trains on 16 random lines a step, with warm-up and decay; the loss of each step."""
    optimiser, generator = torch.optim.Adam(model.parameters(), lr=lr), torch.Generator().manual_seed(0)
    schedule, losses = torch.optim.lr_scheduler.OneCycleLR(optimiser, lr, total_steps=steps), []
    for _ in range(steps):
        lines = text[torch.randint(len(text), (16,), generator=generator)]
        loss = next_token_loss(model(lines), lines).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    model = None  # until it is trained
    counted = tests.test_next_token_loss(next_token_loss), tests.test_bigram_log_probs(bigram_log_probs)
    if all([*ready, *counted]):
        torch.manual_seed(0)
        model = Transformer(len(CHARACTERS), n_ctx=79)
        losses = train(model, text, steps=600)
        with torch.no_grad():
            position_losses = next_token_loss(model(held_out), held_out).mean(dim=0)
        parameters = sum(p.numel() for p in model.parameters())
        print(f"{parameters:,} parameters; first step {losses[0]:.1f}, held-out lines now {position_losses.mean():.2f}")
        table = bigram_log_probs(text, len(CHARACTERS))[held_out]
        figures.learning(losses, bound=9.8 / 78, bigram=next_token_loss(table, held_out).mean().item()).show()


# %% [markdown] lang="zh" numbers="3.3 0.2"
# 损失从 3.3 开始，比什么都不知道的 $\ln 24 = 3.18$ 还略高：随机的初始值让它无缘无故地偏爱某些字符。训练之后，留出的行上约 0.2（200 行里碰巧有 2 行与训练的相同，影响很小），离下限 0.13 不远，比二元语法模型低得多。
# 训练行上只低一点点，所以它没有死记：2000 行只是可能的 14 万多行里的一小部分。
# %% [markdown] lang="en" numbers="3.3 0.2"
# The loss begins at 3.3, even a little above the $\ln 24 = 3.18$ of knowing nothing: random initial values make it prefer some characters for no reason. After training it is about 0.2 on the held-out lines (2 of the 200 also occur in training, by chance, which matters little), not far from the least possible, 0.13, and far below the bigram model.
# On training lines it is only a little lower, so it hasn't learned them by heart: 2000 lines are a small part of the more than 140,000 possible ones.
# %% [markdown] lang="zh"
# ### 练习 · 生成 · 20 分钟
#
# 生成就是反复猜下一个：把词元给模型，取*最后*一个位置的 logits，抽一个词元接上，再来。
# 温度（temperature）$T$ 控制胆量：logits 先除以 $T$，再 softmax；$T$ 小，几乎总选最可能的；大，则接近乱猜。$T = 0$ 规定为取最大的那个，不抽签，也不动随机数；除此之外 $T$ 不小于 0.1。
# 例如 logits 是 $(0, \ln 3)$：$T = 1$ 时概率是 $\frac{1}{4}, \frac{3}{4}$，$T = \frac{1}{2}$ 时是 $\frac{1}{10}, \frac{9}{10}$。
#
# - `model` 收 `batch seq` 的词元，给 `batch seq n_vocab` 的 logits；你给它的 `batch` 是 1。
# - 模型一次最多看 `n_ctx` 个词元：更长时，只给最后 `n_ctx` 个。
# - 返回 `prompt` 接上 `n_new` 个新词元，`int64`，与 `prompt` 相同；`n_new` 是 0 时就是 `prompt`（本身或副本）。`prompt` 至少有一个词元。
# - 抽签用 `torch.multinomial`，把概率和 `generator` 传给它（它自己会除以总和，所以不归一的 $e^z$ 也行）；每次都重新调用模型，不求梯度；模型在训练模式还是评估模式，由调用的人定：不要改，中途也不改。
# - $T = 0$ 时若有并列最大，取哪个都行。
# %% [markdown] lang="en"
# ### Exercise · generate · 20 min
#
# To generate is to guess the next token again and again: give the tokens to the model, take the logits at the *last* position, draw a token, append it, and repeat.
# The **temperature** $T$ sets how daring it is: the logits are divided by $T$ before softmax; with a small $T$ it nearly always takes the likeliest, with a large one it guesses almost at random. $T = 0$ is defined as taking the largest, without a draw and without using random numbers; any other $T$ is 0.1 or more.
# For example, the logits $(0, \ln 3)$ have the probabilities $\frac{1}{4}, \frac{3}{4}$ with $T = 1$, and $\frac{1}{10}, \frac{9}{10}$ with $T = \frac{1}{2}$.
#
# - `model` takes tokens of `batch seq` and gives logits of `batch seq n_vocab`; you give it a `batch` of 1.
# - It sees at most `n_ctx` tokens at a time: of a longer row it gets the last `n_ctx`.
# - Return `prompt` followed by `n_new` new tokens, `int64` like `prompt`; with an `n_new` of 0 that is `prompt`, itself or a copy. There is at least one token in `prompt`.
# - Draw by `torch.multinomial`, and pass it the probabilities and `generator` (it divides by their sum, so $e^z$ without softmax's division will do); call the model anew for each token, without gradients; training or evaluation mode is the caller's choice: don't change it, not even for a moment.
# - With $T = 0$, if several logits are the largest, take any of them.
# %% exercise="generate" difficulty=3 importance=4 minutes=20
def generate(
    model: nn.Module,
    prompt: Int[Tensor, " prompt"],
    n_new: int,
    n_ctx: int,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> Int[Tensor, " total"]:
    """The prompt and the tokens that the model adds to it, one by one."""
    # solution
    tokens = prompt.clone()
    for _ in range(n_new):
        with torch.no_grad():
            logits = model(tokens[None, -n_ctx:])[0, -1]
        if temperature == 0:
            token = logits.argmax()[None]
        else:
            token = torch.multinomial((logits / temperature).softmax(dim=0), 1, generator=generator)
        tokens = torch.cat([tokens, token])
    return tokens


if __name__ == "__main__":
    if tests.test_generate(generate) and model is not None:
        prompt = "anna has a red kite. ben has a blue boat. anna likes the "
        said = decode(generate(model, encode([prompt])[0], 10, n_ctx=79, temperature=0))
        print("temperature 0:", said.strip())
        for temperature in (0.5, 1.0, 2.0):
            generator = torch.Generator().manual_seed(1)
            said = decode(generate(model, encode(["emma"])[0], 74, 79, temperature, generator))
            print(f"temperature {temperature}: {said.strip()!r}")


# %% [markdown] lang="zh" tags=["hint"]
# 模型在每个位置都给 logits，要哪一个位置的？
# %% [markdown] lang="en" tags=["hint"]
# The model gives logits at each position: which position's do you need?
# %% [markdown] lang="zh" tags=["hint"]
# `tokens[None, -n_ctx:]` 只留最后的 `n_ctx` 个，并加上批次的轴；`torch.cat` 接上新的。
# %% [markdown] lang="en" tags=["hint"]
# `tokens[None, -n_ctx:]` keeps the last `n_ctx` and adds the axis of a batch; `torch.cat` appends the new one.
# %% [markdown] lang="zh" tags=["hint"]
# 循环 `n_new` 次：logits，除以温度，softmax，`multinomial(…, 1, generator=…)`，接上；温度 0 走 `argmax`。
# %% [markdown] lang="en" tags=["hint"]
# A loop of `n_new` rounds: logits, divide by the temperature, softmax, `multinomial(…, 1, generator=…)`, append; at temperature 0 use `argmax`.
# %% [markdown] lang="zh"
# ### 它真的回头看了吗
#
# 损失低，不等于它在查找。再做一次消融：换掉的不是零件，是上下文。
# 每行第三句的颜色，第一个字母要到前面去查。完全靠猜，平均损失至少是 $\frac{1}{3} \ln 3 + \frac{2}{3} \ln 6 = 1.56$ 奈特（blue 和 black 都是 b 开头）；知道这一行的两种颜色，却不知是谁的，首字母不同就是 $\ln 2 = 0.69$，相同则是 0；首字母相同的机会是 $2/9$，所以平均 $\frac{7}{9} \ln 2 = 0.54$；全都查得到，约 0。
# 下一格把同样的留出行，一次给全，一次只留最后 12 个字符（前面换成空格），比较这一个字母的损失。先猜：两次的损失各在哪里？
# %% [markdown] lang="en"
# ### Does it really look back?
#
# A low loss doesn't prove a look-up. One more ablation, not of a part but of the context.
# In the third sentence of each line, the first letter of the colour has to be looked up. By mere guessing the mean loss is at least $\frac{1}{3} \ln 3 + \frac{2}{3} \ln 6 = 1.56$ nats (blue and black both begin with b); knowing the two colours of the line but not whose they are, it is $\ln 2 = 0.69$ where their first letters differ and 0 where they don't; they agree with a chance of $2/9$, so the mean is $\frac{7}{9} \ln 2 = 0.54$; looking up everything, about 0.
# The next cell gives the same held-out lines once in full, and once with the last 12 characters alone (spaces for the rest), and compares the loss on this one letter. Guess first: where will each of the two be?
# %%
if __name__ == "__main__":
    if model is not None:
        rows = torch.arange(len(held_out))
        places = torch.tensor([decode(row).index("likes the ") + 9 for row in held_out])  # the space before the colour
        alone = held_out.clone()
        alone[torch.arange(79) < places[:, None] - 11] = CHARACTERS.index(" ")
        with torch.no_grad():
            for name, seen in (("whole line", held_out), ("last 12 characters", alone)):
                print(f"{name}: loss on the colour {next_token_loss(model(seen), held_out)[rows, places].mean():.2f}")


# %% [markdown] lang="zh" tags=["question"] see="generate"
# 看得见全行时，损失离 1.56、0.54、0 里的哪一个最近？它学会了查找的哪一步，哪一步还没有？只看 12 个字符时，为什么比瞎猜还糟？
# %% [markdown] lang="en" tags=["question"] see="generate"
# With the whole line in sight, to which is the loss nearest: 1.56, 0.54 or 0? Which step of the look-up has it learned, and which not yet? And why is it worse than guessing with 12 characters?
# %% [markdown] lang="zh" tags=["answer"]
# 离 0.54 最近：它会回头看，大体知道这一行有哪两种颜色，却还常常分不清是谁的；所以温度为 0 时也会张冠李戴。
# 归纳头要两层接力；这里的接力还要先把名字搬到颜色那里，更难，一分钟不够。这也是《In-context Learning and Induction Heads》里的那个小坎：查找的本领往往不是匀速长出来的，而是在训练的某一段里突然出现。
# 只看 12 个字符时比 1.56 还高，多半是因为它从没见过这样的行：满是空格，它照样去查，自信地猜错。消融也会把网络带到陌生的地方（第 2 天的提醒）。
# %% [markdown] lang="en" tags=["answer"]
# Nearest to 0.54: it looks back and knows more or less which two colours the line has, but often can't tell whose they are; so even at temperature 0 it can mix up what belongs to whom.
# An induction head takes two layers, one after the other; here the name must be carried to the colour first, which is harder, and a minute isn't enough. Think of the bump in *In-context Learning and Induction Heads*: a look-up often doesn't come at a steady pace, but appears rather suddenly at some time in training.
# With 12 characters the loss is above 1.56, most likely because the model has never seen such lines: among all the spaces it looks up all the same, and is wrong with confidence. An ablation can take a network to places it doesn't know, as day 2 warned.
# %% [markdown] lang="zh"
# ## 8 · 第 0 章之后
#
# 你已经写过张量、光线追踪、卷积网络、自动求导、优化器、生成模型，还有 Transformer；每一样都从小零件搭起，写好就检验。
# 往后的路：
#
# - *打开语言模型*：在真正的模型里找归纳头、做探针、替换激活；工具是 TransformerLens 和 nnsight，想法与第 2 天的钩子相同，写法各有不同。
# - *强化学习*：从老虎机和格子到价值网络（用网络估 $v(s)$）、PPO（策略每次只许改一点的策略梯度），再到用人的偏好微调语言模型。
# - *更大的 Transformer*：分词（把文本切成词元）、混合精度（一部分计算用 16 位数）、多卡；第 4 天的分布式就是它的地基。中文可读《动手学深度学习》（阿斯顿·张等）的注意力一章。
#
# 最好的练习之一，是给别人的库修一个错。`coach dojo git` 的最后一步，就在一个本地的小库上走一遍：分支、失败的测试、修好、提交、推送、写合并请求（pull request，请对方把你的分支合并到他们的仓库）；TransformerLens 和 nnsight 收的就是这样的贡献。
#
# 合上书，试着说出：零层的 Transformer 能学会什么；QK 和 OV 各管什么，秩为什么低；归纳头为什么要两层；基线为什么不带来偏差；为什么每个状态一个方程；探针说明什么，又说明不了什么。
# 说不出哪一条，就回到哪一格。
# %% [markdown] lang="en"
# ## 8 · After chapter 0
#
# By now you have written tensors, a ray tracer, convolutional networks, automatic differentiation, optimisers, generative models, and a transformer; each from small parts, and each checked.
# The roads from here:
#
# - *Opening language models*: find induction heads in real ones, probe them, swap activations; the tools are TransformerLens and nnsight; the idea is that of day 2's hooks, though each has its own way of writing them.
# - *Reinforcement learning*: from bandits and grids to value networks (a network estimates $v(s)$) and PPO (policy gradients that may change the policy only a little at a time), and on to fine-tuning language models by people's preferences.
# - *Larger transformers*: tokenisers (which cut text into tokens), mixed precision (some of the computing in 16 bits), many GPUs; day 4's lesson on distributed training is the foundation.
#
# One of the best exercises is to fix a bug in somebody else's library. The last step of `coach dojo git` goes through it once on a small local one: a branch, a failing test, the fix, a commit, a push, and the text of a **pull request**, which asks the owners to merge your branch into their repository; contributions to TransformerLens and nnsight are made in just this way.
#
# Without looking back, try to say: what a transformer of zero layers can learn; what QK and OV are for, and why their rank is low; why an induction head needs two layers; why a baseline adds no bias; why there is one equation for each state; what a probe shows, and what it doesn't.
# Whichever you can't say, go back to its cell.
