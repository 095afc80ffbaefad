"""The wrong answers of the first drills, each explained in a sentence; most are slips that both libraries allow."""

from typing import Any

import numpy as np
import torch

from coach import mistake
from part0_drills import solutions
from part0_drills.slips import of, slips_in

slip = slips_in(solutions)

# Creating


@slip(
    "one_hot",
    zh="行列颠倒了：每个标签是一行，每个类别是一列。",
    en="Rows and columns are swapped: a label is a row, a class a column.",
)
def classes_as_rows(right, labels, n_classes):
    return right(labels, n_classes).T


@slip(
    "one_hot",
    zh="列数取自出现过的最大标签：没有出现的类别也要一列，一共 `n_classes` 列。",
    en="There are only as many columns as the largest label asks for: classes that don't occur have one, too, `n_classes` in all.",
)
def as_wide_as_the_labels(right, labels, n_classes):
    return right(labels, int(labels.max()) + 1)


@slip("one_hot", zh="值对，但成了整数：要 float32。", en="The values are right, but whole numbers: float32 is wanted.")
def whole_numbers(right, labels, n_classes):
    out = right(labels, n_classes)
    return out.to(torch.int64) if of(out) is torch else out.astype(np.int64)


@slip(
    "one_hot",
    zh="值对，但成了 float64，NumPy 的默认：要 float32。",
    en="The values are right, but float64, NumPy's default: float32 is wanted.",
    only="np",
)
def double_precision(right, labels, n_classes):
    return np.eye(n_classes)[labels]


@slip("one_hot", zh="值对，但成了布尔值：要 float32。", en="The values are right, but booleans: float32 is wanted.")
def booleans(right, labels, n_classes):
    return right(labels, n_classes) > 0


@slip(
    "one_hot",
    zh="标签从 0 数起：每个 1 都往左错了一列。",
    en="Labels count from 0: each 1 stands one column too far to the left.",
)
def counted_from_one(right, labels, n_classes):
    return right((labels - 1) % n_classes, n_classes)


@slip(
    "one_hot",
    zh="所有的 1 加到了一行里：每个标签要有自己的一行。",
    en="All the ones went into a single row: each label needs a row of its own.",
)
def one_row(right, labels, n_classes):
    out = right(labels, n_classes)
    return out.sum(axis=0)


TABLES: dict[tuple, Any] = {}  # what an answer keeps from one call to the next, by its shape


@slip(
    "one_hot",
    zh="表留到了下一次调用（例如放在参数的默认值里），上一次的 1 还在：每次都要造一张新的。",
    en="The table stays from call to call, as it does in a default argument, with the ones of the call before: make a new one each time.",
)
def ones_of_the_call_before(right, labels, n_classes):
    rows = of(labels).arange(len(labels))
    out = TABLES.setdefault((of(labels), len(labels), n_classes), right(labels, n_classes))
    out[rows, labels] = 1
    return out


@slip(
    "one_hot",
    zh="每次返回的是同一张表：下一次调用会改掉上一次的结果。",
    en="It returns one and the same table each time: the next call changes the result of the call before.",
)
def one_table_for_all_calls(right, labels, n_classes):
    out = TABLES.setdefault((of(labels), len(labels), n_classes, "cleared"), right(labels, n_classes))
    out[:] = right(labels, n_classes)
    return out


@slip(
    "causal_mask",
    zh="方向反了：看到的是后面的词，而不是前面的。",
    en="The direction is reversed: later tokens are seen, not earlier ones.",
)
def sees_the_future(right, n):
    return right(n).T


@slip(
    "causal_mask",
    zh="自己也被挡住了：`j = i` 时应为真。",
    en="A token can't see itself: where `j = i` it should be true.",
)
def not_itself(right, n):
    return right(n) & ~right(n).T


@slip(
    "causal_mask", zh="真和假反了：真表示可以看。", en="True and false are exchanged: true means that it may be seen."
)
def the_masked_ones(right, n):
    return ~right(n)


@slip(
    "causal_mask", zh="值对，但成了浮点数：掩码是布尔值。", en="The values are right, but floats: a mask has booleans."
)
def floats_for_booleans(right, n):
    return np.tri(n) if of(right(n)) is np else torch.ones(n, n).tril()


@slip(
    "causal_mask",
    zh="只剩对角线：前面的词也应看得到。",
    en="Only the diagonal is left: earlier tokens should be seen as well.",
)
def only_itself(right, n):
    return right(n) & right(n).T


@slip(
    "causal_mask",
    zh="从一张定好大小的表里切出来：`n` 比它大时就不够了。",
    en="It is cut from a table of a fixed size: for a larger `n` there is not enough of it.",
)
def cut_from_a_table(right, n):
    return right(64)[:n, :n]


@slip(
    "causal_mask",
    zh="位置用了 bfloat16，它的有效数字只有 8 位（二进制）：过了 256，相邻的位置成了同一个数。",
    en="The positions are bfloat16, which has 8 significant bits: beyond 256 neighbours become one number.",
    only="pt",
)
def positions_in_bfloat16(right, n):
    steps = torch.arange(n).to(torch.bfloat16)
    return steps <= steps[:, None]


@slip("causal_mask", zh="全部是真，什么也没挡住。", en="All is true, and nothing is shut out.")
def everything(right, n):
    return right(n) | True


@slip(
    "warmup",
    zh="从 0 开始了：第 0 步是 `1` 除以 `warm`，不然第一步白走。",
    en="It begins with 0: step 0 has `1` over `warm`, or the first step does nothing.",
)
def from_zero(right, steps, warm):
    t = of(right(steps, warm)).arange(steps)
    return right(steps, warm) * 0 + (t / warm).clip(None, 1)


@slip(
    "warmup",
    zh="没有封顶：`warm` 步之后应当停在 1。",
    en="There is no ceiling: after `warm` steps it should stay at 1.",
)
def for_ever_up(right, steps, warm):
    out = right(steps, warm)
    return (
        (out * 0 + of(out).arange(1, steps + 1) / warm).astype(np.float32)
        if of(out) is np
        else torch.arange(1, steps + 1) / warm
    )


@slip(
    "warmup",
    zh="走完 `warm` 步时还没有到 1，要再多一步：分母成了 `warm + 1`。",
    en="It isn't 1 after `warm` steps, but one step later: the denominator is `warm + 1`.",
)
def one_step_late(right, steps, warm):
    return right(steps, warm + 1)


@slip(
    "warmup",
    zh="整段都在上升，到最后一步才是 1：应在 `warm` 步内升完。",
    en="It rises all the way to the last step: the rise should take `warm` steps.",
)
def over_all_steps(right, steps, warm):
    return right(steps, steps)


@slip("warmup", zh="用了整除：前面全成了 0，只剩 0 和 1。", en="The division drops fractions: only 0 and 1 are left.")
def whole_division(right, steps, warm):
    out = right(steps, warm)
    return of(out).floor(out + 1e-6)


@slip(
    "warmup",
    zh="值对，但成了 float64：要 float32。",
    en="The values are right, but float64: float32 is wanted.",
    only="np",
)
def rates_in_double(right, steps, warm):
    return np.minimum(np.arange(1, steps + 1) / warm, 1)


@slip("warmup", zh="`warm` 步之后变成了 0：应当停在 1。", en="After `warm` steps it is 0: it should stay at 1.")
def off_afterwards(right, steps, warm):
    out = right(steps, warm)
    return out * (right(steps, warm) * 0 + (of(out).arange(steps) < warm))


@slip(
    "warmup",
    zh="`arange` 的步长是分数：舍入误差使它有时多出一个数。用整数的步长，再除。",
    en="`arange` takes a fraction as its step: rounding sometimes gives one number too many. Step by 1, then divide.",
    only="pt",
)
def in_fractional_steps(right, steps, warm):
    step = 1 / warm
    return torch.arange(step, (steps + 1) * step, step).clamp(max=1)


@slip(
    "pixel_centres",
    zh="`x` 和 `y` 颠倒了：末轴先是 `x`（逐列变化），后是 `y`。",
    en="`x` and `y` are swapped: first comes `x`, which changes from column to column, then `y`.",
)
def y_first(right, height, width):
    return of(right(1, 1)).flip(right(height, width), (2,))


@slip(
    "pixel_centres",
    zh="行和列颠倒了：结果的第 0 轴是行（高），常见于 `meshgrid` 的 `indexing`。",
    en="Rows and columns are swapped: axis 0 is the rows (the height); mostly it is the `indexing` of `meshgrid`.",
)
def columns_first(right, height, width):
    out = right(height, width)
    return out.swapaxes(0, 1)


@slip(
    "pixel_centres",
    zh="给的是像素的左上角，不是中心：还要加半个像素。",
    en="These are the upper left corners of the pixels, not their centres: add half a pixel.",
)
def corners(right, height, width):
    out = right(height, width)
    half = np.array([1 / width, 1 / height], dtype=np.float32)
    return out - (torch.tensor(half) if of(out) is torch else half)


@slip(
    "pixel_centres",
    zh="第一个和最后一个像素的中心落在了边上（`-1` 和 `1`）：`linspace(-1, 1, …)` 给的是端点。",
    en="The first and last pixels have their centres on the edges, `-1` and `1`: `linspace(-1, 1, …)` includes its ends.",
)
def on_the_edges(right, height, width):
    xp = of(right(1, 1))
    x, y = xp.meshgrid(xp.linspace(-1, 1, width), xp.linspace(-1, 1, height), indexing="xy")
    out = xp.stack([x, y], -1)
    return out if xp is torch else out.astype(np.float32)


@slip(
    "pixel_centres",
    zh="坐标在 `0` 到 `1` 之间：要 `-1` 到 `1`。",
    en="The coordinates go from `0` to `1`: `-1` to `1` is wanted.",
)
def from_zero_to_one(right, height, width):
    return (right(height, width) + 1) / 2


@slip(
    "pixel_centres",
    zh="`y` 向上增加了：第 0 行在上面，`y` 应最小。",
    en="`y` grows upwards: row 0 is at the top, and has the smallest `y`.",
)
def y_upwards(right, height, width):
    return of(right(1, 1)).flip(right(height, width), (0,))


@slip(
    "pixel_centres",
    zh="两个方向都除以了宽：`y` 要除以高。",
    en="Both directions are divided by the width: `y` needs the height.",
)
def over_the_width(right, height, width):
    out = right(height, width)
    stretch = np.array([1, height / width], dtype=np.float32)
    return (out + 1) * (torch.tensor(stretch) if of(out) is torch else stretch) - 1


def positions(right, length, dim):
    return of(right(1, 2)), right(length, dim)


@slip(
    "sinusoids",
    zh="正弦在左半，余弦在右半：应一列正弦、一列余弦地交错。",
    en="Sines stand in the left half and cosines in the right: they should alternate, column by column.",
)
def in_halves(right, length, dim):
    xp, out = positions(right, length, dim)
    return xp.concatenate([out[:, 0::2], out[:, 1::2]], 1)


@slip("sinusoids", zh="正弦和余弦颠倒了：偶数列是正弦。", en="Sines and cosines are exchanged: even columns are sines.")
def cosines_first(right, length, dim):
    xp, out = positions(right, length, dim)
    return xp.stack([out[:, 1::2], out[:, 0::2]], -1).reshape(length, dim)


@slip(
    "sinusoids",
    zh="指数里用了列的对数的序号 `0, 1, 2, …`：应是偶数列号 `0, 2, 4, …`。",
    en="The exponent counts pairs, `0, 1, 2, …`: it should be the even column, `0, 2, 4, …`.",
)
def half_the_exponent(right, length, dim):
    return right(length, 2 * dim)[:, :dim]


@slip(
    "sinusoids",
    zh="余弦用了自己的列号 `i + 1`：一对里的正弦和余弦是同一个角。",
    en="The cosines use their own column, `i + 1`: the two of a pair have the same angle.",
)
def each_its_own_angle(right, length, dim):
    xp = of(right(1, 2))
    angles = xp.arange(length)[:, None] / 10000 ** (xp.arange(dim) / dim)
    out = xp.where(xp.arange(dim) % 2 == 0, xp.sin(angles), xp.cos(angles))
    return out.astype(np.float32) if xp is np else out


@slip(
    "sinusoids",
    zh="乘了 `10000 ** (i / d)`，应当除以：右边的列应越来越慢。",
    en="It multiplies by `10000 ** (i / d)` and should divide: columns get slower to the right.",
)
def faster_and_faster(right, length, dim):
    xp = of(right(1, 2))
    angles = xp.arange(length)[:, None] * 10000 ** (xp.arange(0, dim, 2) / dim)
    out = xp.stack([xp.sin(angles), xp.cos(angles)], -1).reshape(length, dim)
    return out.astype(np.float32) if xp is np else out


@slip("sinusoids", zh="位置从 1 数起了：第 0 行的角都是 0。", en="Positions count from 1: in row 0 all angles are 0.")
def from_position_one(right, length, dim):
    return right(length + 1, dim)[1:]


@slip(
    "sinusoids",
    zh="值对，但成了 float64：要 float32。",
    en="The values are right, but float64: float32 is wanted.",
    only="np",
)
def waves_in_double(right, length, dim):
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, dim, 2) / dim)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, dim)


# Indexing


@slip(
    "embed", zh="取的是列：编号说的是 `table` 的行。", en="These are columns: a token's number names a row of `table`."
)
def columns_of_the_table(right, table, tokens):
    return table[:, tokens]


@slip(
    "embed",
    zh="词和位置两个轴颠倒了：结果的前两个轴是 `batch length`。",
    en="The axes of batch and positions are swapped: the result begins with `batch length`.",
)
def positions_first(right, table, tokens):
    return right(table, tokens.T)


@slip(
    "embed",
    zh="批和位置合成了一个轴：形状应是 `batch length d`。",
    en="Batch and positions have become one axis: the shape should be `batch length d`.",
)
def in_one_row(right, table, tokens):
    return right(table, tokens).reshape(-1, table.shape[1])


@slip(
    "embed",
    zh="编号从 0 数起：每个词都取了上一行。",
    en="Numbers count from 0: each token has taken the row above its own.",
)
def the_row_above(right, table, tokens):
    return right(table, tokens - 1)


@slip(
    "embed",
    zh="只查了每句的第一个词：每个词都要查。",
    en="Only the first token of each sentence is looked up: all of them should be.",
)
def first_tokens(right, table, tokens):
    return right(table, tokens)[:, 0]


@slip("shift_right", zh="移错了方向：`start` 应在最前面。", en="It moves the wrong way: `start` should come in front.")
def shifted_left(right, tokens, start):
    return of(tokens).flip(right(of(tokens).flip(tokens, (1,)), start), (1,))


@slip(
    "shift_right",
    zh="最后一个绕到了最前面：那里应是 `start`。",
    en="The last one has wrapped around to the front: there should be `start`.",
)
def wrapped_around(right, tokens, start):
    return of(tokens).roll(tokens, 1, 1)


@slip("shift_right", zh="多了一列：最后一个词要丢掉。", en="There is a column too many: the last token drops out.")
def one_too_long(right, tokens, start):
    first = of(tokens).full_like(tokens[:, :1], start)
    return of(tokens).concatenate([first, tokens], 1)


@slip("shift_right", zh="移动的是行，不是每一行里的词。", en="It moves rows, and not the tokens within each row.")
def rows_shifted(right, tokens, start):
    return right(tokens.T, start).T


@slip(
    "shift_right",
    zh="所有的行连成一行来移动：上一行的最后一个词跑进了下一行，每一行都应从 `start` 开始。",
    en="All rows were moved as one long row: the last token of a row has entered the next, and each row should begin with `start`.",
)
def as_one_long_row(right, tokens, start):
    return right(tokens.reshape(1, -1), start).reshape(tokens.shape)


@slip(
    "shift_right",
    zh="只盖住了第一个词，其余没有移动。",
    en="The first token is overwritten, and the rest hasn't moved.",
)
def overwritten(right, tokens, start):
    out = tokens + 0
    out[:, 0] = start
    return out


@slip("shift_right", zh="`tokens` 自己被改动了：先拷贝。", en="`tokens` itself is changed: make a copy first.")
def shifted_in_place(right, tokens, start):
    out = right(tokens, start)
    tokens[:] = out
    return tokens


@slip(
    "picked",
    zh="这是一张表：每一行都取了所有标签的列，要把行号和标签配成对。",
    en="This is a table: each row has taken the columns of all labels; pair the row numbers with the labels.",
)
def all_pairs(right, scores, labels):
    return scores[:, labels]


@slip("picked", zh="取了整行：`labels` 被当成了行号。", en="These are whole rows: `labels` was taken for row numbers.")
def rows_by_label(right, scores, labels):
    return scores[labels]


@slip("picked", zh="给的是每行的最大值，没有看标签。", en="This is the maximum of each row, whatever the labels say.")
def largest(right, scores, labels):
    return of(scores).amax(scores, 1)


@slip(
    "picked",
    zh="多了一个长度为 1 的轴：一行一个数，去掉它。",
    en="There is an extra axis of length 1: take it off, one number a row.",
)
def a_column(right, scores, labels):
    return right(scores, labels)[:, None]


@slip("picked", zh="给的是标签，不是那里的分数。", en="These are the labels, and not the scores there.")
def the_labels(right, scores, labels):
    return right(scores, labels) * 0 + labels


@slip("picked", zh="标签从 0 数起：取了左边的一列。", en="Labels count from 0: this takes the column to the left.")
def one_to_the_left(right, scores, labels):
    return right(scores, labels - 1)


@slip(
    "picked", zh="取出的数加到了一起：要一行一个。", en="The picked numbers are added up: one for each row is wanted."
)
def summed(right, scores, labels):
    return right(scores, labels).sum(0)


@slip(
    "last_states",
    zh="取的是补齐之后的最后一步：应取各自最后一个真的那一步。",
    en="This is the last step after padding: each sequence has its own last real step.",
)
def last_column(right, states, lengths):
    return states[:, -1]


@slip(
    "last_states",
    zh="差了一步：长度是 `n`，最后一步的下标是 `n - 1`。",
    en="It is one step off: with length `n` the last index is `n - 1`.",
)
def one_step_too_far(right, states, lengths):
    return right(states, lengths + 1)


@slip("last_states", zh="取的是倒数第二步：只减一次 1。", en="This is the last but one: subtract 1 once.")
def last_but_one(right, states, lengths):
    return right(states, lengths - 1)


@slip(
    "last_states",
    zh="每个序列都取了所有的长度，成了一张表：行号要和长度配对。",
    en="Each sequence has taken all lengths, and it is a table: pair the row numbers with the lengths.",
)
def every_length(right, states, lengths):
    return states[:, lengths - 1]


@slip("last_states", zh="所有序列都用了第一个的长度。", en="All sequences use the length of the first.")
def of_the_first_length(right, states, lengths):
    return states[:, int(lengths[0]) - 1]


@slip("last_states", zh="取的是第一步。", en="This is the first step.")
def first_step(right, states, lengths):
    return states[:, 0]


@slip(
    "last_states",
    zh="给的是真的各步之和，不是最后一步。",
    en="This is the sum of the real steps, and not the last one.",
)
def sum_of_steps(right, states, lengths):
    real = of(states).arange(states.shape[1]) < lengths[:, None]
    return of(states).where(real[:, :, None], states, 0).sum(axis=1)


@slip("crops", zh="每张图都用了第一张的位置。", en="Each image uses the place of the first.")
def one_place_for_all(right, images, tops, lefts, size):
    return images[:, int(tops[0]) : int(tops[0]) + size, int(lefts[0]) : int(lefts[0]) + size]


@slip(
    "crops",
    zh="只取了对角线：行号和列号配了对，要一列行号遇上一行列号。",
    en="Only a diagonal is taken: row and column numbers were paired, but a column of rows should meet a row of columns.",
)
def diagonal_only(right, images, tops, lefts, size):
    crop = right(images, tops, lefts, size)
    return of(images).diagonal(crop, 0, 1, 2)


@slip("crops", zh="块被转置了：先行后列。", en="The crops are transposed: rows come first.")
def crops_transposed(right, images, tops, lefts, size):
    return right(images, tops, lefts, size).swapaxes(1, 2)


@slip(
    "crops",
    zh="行和列的起点用反了：`tops` 是行，`lefts` 是列。",
    en="The beginnings of rows and columns are swapped: `tops` are rows and `lefts` columns.",
)
def left_for_top(right, images, tops, lefts, size):
    return right(images, lefts, tops, size)


@slip(
    "crops", zh="全从左上角裁：位置没有用上。", en="All crops come from the upper left corner: the places aren't used."
)
def upper_left(right, images, tops, lefts, size):
    return images[:, :size, :size]


@slip(
    "crops",
    zh="每张图都在所有的位置裁了一遍，多出一个轴：图号要和位置配对。",
    en="Each image is cut at all places, which makes an axis too many: pair the images with the places.",
)
def every_place(right, images, tops, lefts, size):
    steps = of(images).arange(size)
    return images[:, (tops[:, None] + steps)[:, :, None], (lefts[:, None] + steps)[:, None, :]]


# Masking


@slip(
    "padding_mask",
    zh="多了一个：位置从 0 数起，应是小于，不是小于等于。",
    en="There is one too many: positions count from 0, so it is less than, not less than or equal.",
)
def one_more(right, lengths, longest):
    return right(lengths + 1, longest)


@slip("padding_mask", zh="真和假反了：真表示真的词。", en="True and false are exchanged: true marks the real tokens.")
def padding_is_true(right, lengths, longest):
    return ~right(lengths, longest)


@slip("padding_mask", zh="行列颠倒了：一行一句。", en="Rows and columns are swapped: a row for each sentence.")
def sentences_in_columns(right, lengths, longest):
    return right(lengths, longest).T


@slip(
    "padding_mask",
    zh="列数取了最长的那句：要 `longest` 列。",
    en="It is only as wide as the longest sentence here: `longest` columns are wanted.",
)
def as_wide_as_needed(right, lengths, longest):
    return right(lengths, int(lengths.max()))


@slip(
    "padding_mask",
    zh="值对，但成了整数：掩码是布尔值。",
    en="The values are right, but whole numbers: a mask has booleans.",
)
def mask_of_integers(right, lengths, longest):
    return right(lengths, longest) * 1


@slip(
    "padding_mask",
    zh="真的词排在右边了：补的应在后面。",
    en="The real tokens are on the right: padding should come after them.",
)
def padded_on_the_left(right, lengths, longest):
    return of(lengths).flip(right(lengths, longest), (1,))


@slip(
    "padding_mask",
    zh="少了一个：最后一个真的词也应为真。",
    en="There is one too few: the last real token is true as well.",
)
def one_less(right, lengths, longest):
    return right(lengths - 1, longest)


@slip(
    "padding_mask",
    zh="位置用了 int8：过了 127 就从负数重新数起。",
    en="The positions are int8: beyond 127 they begin again with negative numbers.",
)
def positions_in_one_byte(right, lengths, longest):
    steps = of(lengths).arange(longest)
    return (steps.to(torch.int8) if of(lengths) is torch else steps.astype(np.int8)) < lengths[:, None]


@slip(
    "silence",
    zh="掩码反了：假的地方才换成 `-inf`。",
    en="The mask is reversed: minus infinity goes where it is false.",
)
def the_others_silenced(right, scores, mask):
    return right(scores, ~mask)


@slip(
    "silence",
    zh="换成了 0：softmax 之后 0 分的概率不是 0。",
    en="It puts 0 there: after a softmax a score of 0 has a probability that isn't 0.",
)
def silenced_by_zero(right, scores, mask):
    return of(scores).where(mask, scores, 0)


@slip("silence", zh="换成了一个很小的数，不是 `-inf`。", en="It puts a very low number there, not minus infinity.")
def silenced_by_a_billion(right, scores, mask):
    return of(scores).where(mask, scores, -1e9)


@slip("silence", zh="换成了 `inf`，应是 `-inf`。", en="It puts plus infinity there: it should be minus.")
def plus_infinity(right, scores, mask):
    return of(scores).where(mask, scores, of(scores).inf)


@slip("silence", zh="`scores` 自己被改动了：要返回一个新的。", en="`scores` itself is changed: return a new one.")
def silenced_in_place(right, scores, mask):
    scores[~mask] = -of(scores).inf
    return scores


@slip(
    "silence",
    zh="乘了掩码再加 `-inf` 乘 0，结果有 NaN：用选，不要用乘。",
    en="Minus infinity is multiplied by 0, which gives NaN: choose, don't multiply.",
)
def infinity_times_zero(right, scores, mask):
    return scores + (1 - mask * right(scores * 0 + 1, mask | True)) * -of(scores).inf


@slip(
    "silence",
    zh="只留下了真的那些，排成一行：形状应不变。",
    en="Only the true ones are left, in a row: the shape should stay.",
)
def only_the_kept(right, scores, mask):
    return scores[mask]


@slip(
    "masked_mean",
    zh="除以了整行的长度：应除以真的个数。",
    en="It divides by the length of the row: divide by how many are true.",
)
def over_the_length(right, x, mask):
    return of(x).where(mask, x, 0).mean(axis=1)


@slip(
    "masked_mean", zh="没有真的行得到了 NaN：那里应是 0。", en="Rows without a true one give NaN: they should give 0."
)
def nan_for_nothing(right, x, mask):
    out = right(x, mask)
    return of(x).where(mask.any(axis=1), out, of(x).nan)


@slip(
    "masked_mean",
    zh="乘以掩码挡不住 NaN：用 `where` 选。",
    en="Multiplying by the mask doesn't keep NaN out: choose by `where`.",
)
def by_multiplying(right, x, mask):
    return right(x, mask) + (x * mask).sum(axis=1) * 0


@slip(
    "masked_mean", zh="掩码反了：求的是假的那些的平均。", en="The mask is reversed: this is the mean of the false ones."
)
def mean_of_the_rest(right, x, mask):
    return right(of(x).nan_to_num(x), ~mask)


@slip("masked_mean", zh="给的是和：还要除以真的个数。", en="These are sums: divide by how many are true.")
def masked_sum(right, x, mask):
    return of(x).where(mask, x, 0).sum(axis=1)


@slip(
    "masked_mean",
    zh="整张表只给了一个平均：要一行一个。",
    en="There is one mean for the whole table: one for each row is wanted.",
)
def one_for_all(right, x, mask):
    return x[mask].mean()


@slip(
    "masked_mean",
    zh="沿错了轴：这是每一列的平均，要每一行的。",
    en="The wrong axis: these are the means of columns, and rows are wanted.",
)
def mean_of_columns(right, x, mask):
    return right(x.T, mask.T)


@slip(
    "masked_mean",
    zh="值对，但成了 float64：float32 除以 int64 要再转回来。",
    en="The values are right, but float64: float32 over int64 must be brought back.",
    only="np",
)
def mean_in_double(right, x, mask):
    return right(x, mask).astype(np.float64)


@slip(
    "masked_mean",
    zh="只数了不是 0 的数：真的地方也可以是 0，要数 `mask`。",
    en="It counts the numbers other than 0, but a true one may be 0 as well: count in `mask`.",
)
def zeros_not_counted(right, x, mask):
    return right(x, mask & (x != 0))


@slip(
    "masked_mean",
    zh="`reduceat` 的起点限制在最后一个数以内：末尾有空行时，前一行就少加了一个数。",
    en="The starts for `reduceat` are held within the last number: before an empty last row, a row loses a number.",
    only="np",
)
def starts_held_inside(right, x, mask):
    chosen, counts = x[mask], mask.sum(axis=1)
    starts = np.minimum(counts.cumsum() - counts, len(chosen) - 1)
    sums = np.add.reduceat(chosen, starts)
    return np.where(counts == 0, 0, sums / np.maximum(counts, 1)).astype(x.dtype)


@slip(
    "first_true", zh="全是假的行给了 0：那里应是 `-1`。", en="Rows of nothing but false give 0: they should give `-1`."
)
def zero_for_none(right, mask):
    return right(mask).clip(0, None)


@slip(
    "first_true",
    zh="给的是最后一个真的位置：要第一个。",
    en="This is the place of the last true one: the first is wanted.",
)
def last_true(right, mask):
    return (
        mask.shape[1]
        - 1
        - right(of(mask).flip(mask, (1,)))
        - 0 * right(mask)
        - (~mask.any(axis=1)) * (mask.shape[1] + 1)
    )


@slip(
    "first_true",
    zh="数的是有几个真，不是第一个在哪里。",
    en="It counts the true ones: the place of the first is wanted.",
)
def how_many(right, mask):
    return mask.sum(axis=1)


@slip("first_true", zh="位置从 1 数起了。", en="Places are counted from 1.")
def places_from_one(right, mask):
    out = right(mask)
    return out + (out >= 0)


@slip(
    "first_true",
    zh="没有真的行给了行的长度：应是 `-1`。",
    en="Rows without a true one give the row's length: it should be `-1`.",
)
def length_for_none(right, mask):
    out = right(mask)
    return of(mask).where(out < 0, mask.shape[1], out)


@slip("first_true", zh="找的是第一个假。", en="This is the first false one.")
def first_false(right, mask):
    return right(~mask)


@slip("first_true", zh="沿错了轴：这是每一列的。", en="The wrong axis: these are the columns'.")
def first_in_columns(right, mask):
    return right(mask.T)


@slip("pad", zh="补在了左边：应补在后面。", en="Padding is on the left: it should come at the end.")
def padding_in_front(right, flat, lengths, value):
    mask = of(flat).arange(int(lengths.max())) >= lengths.max() - lengths[:, None]
    out = right(flat, lengths, value)
    out[mask] = flat
    out[~mask] = value
    return out


@slip("pad", zh="补的是 0：要补 `value`。", en="It is padded with 0: pad with `value`.")
def padded_with_zero(right, flat, lengths, value):
    return right(flat, lengths, 0)


@slip(
    "pad",
    zh="按等长切开了：各句的长度没有用上。",
    en="It is cut into pieces of one length: the lengths of the sentences aren't used.",
)
def equal_pieces(right, flat, lengths, value):
    return flat.reshape(len(lengths), -1)


@slip(
    "pad",
    zh="每一句都从 `flat` 的开头取：第 `i` 句要从前面各句之后开始。",
    en="Each sentence is taken from the start of `flat`: it should begin after those before it.",
)
def all_from_the_start(right, flat, lengths, value):
    position = of(flat).arange(int(lengths.max()))
    return of(flat).where(position < lengths[:, None], flat[: len(position)], value)


@slip(
    "pad",
    zh="多了一列：表的宽度是最长的那句。",
    en="There is a column too many: the table is as wide as the longest sentence.",
)
def one_column_more(right, flat, lengths, value):
    out = right(flat, lengths, value)
    return of(flat).concatenate([out, out[:, :1] * 0 + value], 1)


@slip("pad", zh="空的句子丢掉了：它也要占一行。", en="Empty sentences are dropped: they have a row, too.")
def empty_ones_dropped(right, flat, lengths, value):
    return right(flat, lengths, value)[lengths > 0]


@slip("pad", zh="行列颠倒了：一行一句。", en="Rows and columns are swapped: a row for each sentence.")
def one_column_each(right, flat, lengths, value):
    return right(flat, lengths, value).T


@slip(
    "pad",
    zh="句子里的 0 也当成了补的：哪里补只看长度。",
    en="Zeros within sentences count as padding: only the lengths tell where padding is.",
)
def zeros_replaced(right, flat, lengths, value):
    out = right(flat, lengths, value)
    return of(flat).where(out == 0, value, out)


# Reducing


@slip(
    "channel_means",
    zh="每张图各求了一次：整批要一起平均。",
    en="It is done for each image: the mean goes over the whole batch.",
)
def for_each_image(right, images):
    return images.mean(axis=(2, 3))


@slip(
    "channel_means",
    zh="通道也平均掉了：每个通道要一个数。",
    en="The channels are averaged as well: one number for each is wanted.",
)
def over_everything(right, images):
    return images.mean()


@slip(
    "channel_means",
    zh="消失的轴不对：留下的是批，不是通道。",
    en="The wrong axes vanish: the batch is left, and not the channels.",
)
def for_each_of_the_batch(right, images):
    return images.mean(axis=(1, 2, 3))


@slip("channel_means", zh="给的是和，不是平均。", en="These are sums, not means.")
def channel_sums(right, images):
    return images.sum(axis=(0, 2, 3))


@slip(
    "channel_means",
    zh="长度为 1 的轴还在：形状应是 `channel`。",
    en="Axes of length 1 are still there: the shape should be `channel`.",
)
def kept_axes(right, images):
    return right(images)[None, :, None, None]


@slip(
    "channel_means",
    zh="把最后一个轴当成了通道：通道是第 1 轴。",
    en="The last axis is taken for the channels: they are axis 1.",
)
def channels_last(right, images):
    return images.mean(axis=(0, 1, 2))


@slip("accuracy", zh="给的是对了几个：还要除以行数。", en="This is how many are right: divide by the number of rows.")
def number_right(right, scores, labels):
    return right(scores, labels) * len(labels)


@slip("accuracy", zh="给的是错的比例。", en="This is the share of wrong ones.")
def error_rate(right, scores, labels):
    return 1 - right(scores, labels)


@slip(
    "accuracy",
    zh="`argmax` 沿错了轴：要每行最大的列。",
    en="`argmax` goes along the wrong axis: the largest column of each row is wanted.",
)
def along_the_batch(right, scores, labels):
    return ((scores.argmax(axis=0) == labels) * 1.0).mean()


@slip(
    "accuracy",
    zh="没有先求平均：每行一个真假，要一个数。",
    en="The mean is missing: this is a boolean for each row, and one number is wanted.",
)
def one_for_each_row(right, scores, labels):
    return scores.argmax(axis=1) == labels


@slip("accuracy", zh="给的是百分数：要 0 到 1 的比例。", en="This is in percent: a share from 0 to 1 is wanted.")
def percent(right, scores, labels):
    return 100 * right(scores, labels)


@slip("accuracy", zh="取了最小的分数。", en="It takes the smallest score.")
def smallest_score(right, scores, labels):
    return right(-scores, labels)


@slip(
    "accuracy",
    zh="看的是正确类别的分数是不是正的，没有与别的比较。",
    en="It asks whether the right class has a positive score, and doesn't compare it with the others.",
)
def positive_is_right(right, scores, labels):
    return float((scores[of(scores).arange(len(labels)), labels] > 0).sum()) / len(labels)


def single(x):
    """`x` in float32."""
    return x.float() if of(x) is torch else x.astype(np.float32)


@slip(
    "accuracy",
    zh="先变成了 float32：只差一点点的分数成了相等的。",
    en="Scores become float32 first, and those that nearly agree become equal.",
)
def scores_made_float32(right, scores, labels):
    return right(single(scores), labels)


@slip(
    "best_so_far",
    zh="给的是到此为止最大的：损失越小越好。",
    en="This is the largest so far: of losses the smallest is the best.",
)
def worst_so_far(right, losses):
    return -right(-losses)


@slip("best_so_far", zh="只给了一个数：每一步都要一个。", en="It is a single number: one for each step is wanted.")
def best_of_all(right, losses):
    return losses.min()


@slip(
    "best_so_far",
    zh="每一步都给了全部的最小值：只许看到这一步为止。",
    en="Each step has the minimum of all: it may only know the steps so far.",
)
def knows_the_future(right, losses):
    return losses * 0 + losses.min()


@slip(
    "best_so_far",
    zh="当前这一步没有算进去：到这一步为止，含这一步。",
    en="The current step is left out: it should be up to and including it.",
)
def without_this_step(right, losses):
    return of(losses).concatenate([losses[:1], right(losses)[:-1]])


@slip(
    "best_so_far",
    zh="只与前一步比了：要与前面所有的比。",
    en="It compares with the step before only: compare with all before.",
)
def of_two(right, losses):
    return of(losses).minimum(losses, of(losses).concatenate([losses[:1], losses[:-1]]))


@slip(
    "best_so_far",
    zh="从后往前走了：这是从这一步起最小的。",
    en="It walks from the end: this is the smallest from here on.",
)
def from_the_end(right, losses):
    return of(losses).flip(right(of(losses).flip(losses, (0,))), (0,))


@slip(
    "best_so_far", zh="给的是最好那一步在哪里，不是它的损失。", en="This is where the best step was, and not its loss."
)
def where_it_was(right, losses):
    best = right(losses)
    return (
        (losses[None] == best[:, None]).astype(int).argmax(axis=1)
        if of(losses) is np
        else (losses == best[:, None]).int().argmax(1)
    )


@slip(
    "best_so_far",
    zh="最小值从 1000 开始比：损失可以更大。",
    en="The smallest loss begins at 1000, but losses can be larger.",
)
def from_a_thousand(right, losses):
    return right(losses).clip(max=1000)


@slip("running_mean", zh="给的是到此为止的和：还要除以个数。", en="These are the sums so far: divide by how many.")
def running_sum(right, x):
    return x.cumsum(axis=1)


@slip(
    "running_mean",
    zh="沿错了轴：平均是在每一行里往右走。",
    en="The wrong axis: the mean goes to the right within each row.",
)
def down_the_columns(right, x):
    return right(x.T).T


@slip(
    "running_mean",
    zh="每一格都除以了整行的长度：应除以到此为止的个数。",
    en="Each cell is divided by the length of the row: divide by how many there are so far.",
)
def over_the_whole_length(right, x):
    return x.cumsum(axis=1) / x.shape[1]


@slip("running_mean", zh="从 0 数起了，第一格除以 0。", en="The count begins with 0, and the first cell divides by it.")
def divided_by_zero(right, x):
    with np.errstate(all="ignore"):
        return x.cumsum(axis=1) / (right(x * 0) + of(x).arange(x.shape[1]))


@slip("running_mean", zh="所有的行连成了一行：每行要从头开始。", en="All rows became one: each row begins anew.")
def one_long_row(right, x):
    return right(x.reshape(1, -1)).reshape(x.shape)


@slip("running_mean", zh="每一格都是整行的平均。", en="Each cell has the mean of the whole row.")
def mean_of_the_row(right, x):
    return x * 0 + x.mean(axis=1)[:, None]


@slip("running_mean", zh="当前这一格没有算进去。", en="The current cell is left out.")
def without_this_one(right, x):
    return of(x).concatenate([x[:, :1], right(x)[:, :-1]], 1)


@slip(
    "running_mean",
    zh="值对，但成了 float64：`arange` 要用 `x` 的类型。",
    en="The values are right, but float64: give `arange` the dtype of `x`.",
    only="np",
)
def running_in_double(right, x):
    return x.cumsum(axis=1) / np.arange(1, x.shape[1] + 1)


@slip(
    "returns",
    zh="方向反了：把以前的奖励加了进来，应是以后的。",
    en="The direction is reversed: earlier rewards are added up, and later ones should be.",
)
def rewards_of_the_past(right, rewards, discount):
    return of(rewards).flip(right(of(rewards).flip(rewards, (0,)), discount), (0,))


@slip("returns", zh="没有打折。", en="Nothing is discounted.")
def undiscounted(right, rewards, discount):
    return right(rewards, 1.0)


@slip(
    "returns",
    zh="这一步的奖励也打了折：`rewards[t]` 的系数是 1。",
    en="The current reward is discounted, too: `rewards[t]` has the coefficient 1.",
)
def discounted_at_once(right, rewards, discount):
    return discount * right(rewards, discount)


@slip(
    "returns",
    zh="折扣从第 0 步数起，不从这一步数起：系数应是 `γ ** (s - t)`，不是 `γ ** s`。",
    en="Delays are counted from step 0, and not from here: the coefficient is `γ ** (s - t)`, not `γ ** s`.",
)
def counted_from_the_start(right, rewards, discount):
    weights = of(rewards).where(rewards == rewards, discount, discount) ** of(rewards).arange(len(rewards))
    return right(rewards * weights, 1.0)


@slip("returns", zh="不管隔几步，都只乘了一次 `discount`。", en="However long the delay, `discount` is used once only.")
def discounted_once(right, rewards, discount):
    later = right(rewards, 1.0)
    return rewards + discount * (later - rewards)


@slip("returns", zh="只看了下一步：要一直加到最后。", en="It looks one step ahead only: add all up to the end.")
def one_step_ahead(right, rewards, discount):
    return rewards + discount * of(rewards).concatenate([rewards[1:], rewards[:1] * 0])


@slip("returns", zh="只给了第 0 步的回报：每一步都要。", en="This is the return of step 0 only: each step has one.")
def only_the_first(right, rewards, discount):
    return right(rewards, discount)[0]


@slip(
    "returns",
    zh="先反转、累加、再除以 `γ` 的幂：`γ` 是 0 或步数多时，除以了 0。",
    en="It divides by powers of `γ`: where `γ` is 0, or after many steps, that is a division by 0.",
)
def divided_by_powers(right, rewards, discount):
    xp, t = of(rewards), of(rewards).arange(len(rewards))
    with np.errstate(all="ignore"):
        powers = (rewards * 0 + discount) ** t
        terms = xp.flip(xp.flip(rewards * powers, (0,)).cumsum(axis=0), (0,))
        return terms / powers


# Sorting and ranking


@slip("top_k", zh="从最小的开始了：要最大的 `k` 个。", en="It begins with the smallest: the `k` largest are wanted.")
def smallest_k(right, scores, k):
    return right(-scores, k)


@slip(
    "top_k",
    zh="最大的 `k` 个对，但顺序反了：最大的在前。",
    en="These are the `k` largest, but in reverse order: the largest comes first.",
)
def ascending(right, scores, k):
    return of(scores).flip(right(scores, k), (1,))


@slip("top_k", zh="给的是值，不是位置。", en="These are the values, and not their positions.")
def the_values(right, scores, k):
    return scores[of(scores).arange(len(scores))[:, None], right(scores, k)]


@slip("top_k", zh="沿错了轴：要每一行的。", en="The wrong axis: each row's are wanted.")
def best_of_columns(right, scores, k):
    return right(scores.T, min(k, len(scores)))


@slip("top_k", zh="没有取前 `k` 个：整行都在。", en="The first `k` aren't cut off: the whole row is there.")
def all_of_them(right, scores, k):
    return right(scores, scores.shape[1])


@slip("top_k", zh="按绝对值排了：负数也算大了。", en="It sorts by absolute value: negative numbers come out large.")
def largest_in_size(right, scores, k):
    return right(abs(scores), k)


@slip(
    "top_k",
    zh="`argpartition` 只找出最大的 `k` 个，不管它们的先后：要从大到小。",
    en="`argpartition` finds the `k` largest, but in any order: they must be sorted, the largest first.",
    only="np",
)
def in_any_order(right, scores, k):
    return np.argpartition(-scores, k - 1, axis=1)[:, :k]


@slip(
    "top_k",
    zh="先变成了 float32：只差一点点的分数成了相等的，先后就乱了。",
    en="Scores become float32 first: those that nearly agree become equal, and lose their order.",
)
def sorted_in_float32(right, scores, k):
    return right(single(scores), k)


@slip("by_length", zh="从短到长了。", en="It goes from short to long.")
def short_ones_first(right, lengths):
    return right(-lengths)


@slip(
    "by_length",
    zh="一样长的，先后倒过来了：把升序的结果整个反转就会这样。",
    en="Those of one length are in reverse order: reversing a result that goes up does that.",
)
def reversed_equals(right, lengths):
    return len(lengths) - 1 - right(of(lengths).flip(lengths, (0,)))


@slip("by_length", zh="给的是排好的长度，不是顺序。", en="These are the sorted lengths, and not the order.")
def sorted_lengths(right, lengths):
    return lengths[right(lengths)]


@slip(
    "by_length",
    zh="没有要求稳定：一样长的，先后乱了。",
    en="It doesn't ask for a stable sort: those of one length have lost their order.",
    only="np",
)
def unstable(right, lengths):
    return np.argsort(-lengths)


@slip(
    "by_length",
    zh="给的是每一句排第几：要的是第几位是哪一句。",
    en="This says at which place each comes: say who comes at each place.",
)
def places_of_each(right, lengths):
    out = right(lengths)
    return out.argsort()


@slip("by_length", zh="一样长的只留了一个。", en="Of one length only one is left.")
def one_of_each_length(right, lengths):
    order = right(lengths)
    sorted_ = lengths[order]
    keep = of(lengths).concatenate([sorted_[:1] == sorted_[:1], sorted_[1:] != sorted_[:-1]])
    return order[keep]


@slip("by_length", zh="原样返回了 0 到 `n - 1`，没有排。", en="It is 0 to `n - 1` as before: nothing is sorted.")
def not_sorted(right, lengths):
    return of(lengths).arange(len(lengths))


@slip(
    "ranks",
    zh="给的是 `argsort`：它说第几名是谁，不说谁是第几名。",
    en="This is `argsort`: it says who comes at a place, not at which place somebody comes.",
)
def who_is_where(right, x):
    return (np.argsort(x, kind="stable")) if of(x) is np else x.argsort(stable=True)


@slip(
    "ranks",
    zh="相等的数名次不同：两次 `argsort` 会这样。",
    en="Equal numbers have different ranks: two `argsort` do that.",
)
def ties_apart(right, x):
    return x.argsort().argsort()


@slip("ranks", zh="最大的是第 0 名：要数的是有几个更*小*。", en="The largest has rank 0: count how many are *smaller*.")
def from_the_top(right, x):
    return right(-x)


@slip("ranks", zh="相等的也数了进去：只数更小的。", en="Equal ones are counted, too: count the smaller ones only.")
def up_to_equal(right, x):
    return (x <= x[:, None]).sum(axis=1)


@slip("ranks", zh="名次从 1 数起了。", en="Ranks are counted from 1.")
def ranks_from_one(right, x):
    return right(x) + 1


@slip(
    "ranks",
    zh="相等的数之后没有跳过名次：要数有几个数更小，不是几种值。",
    en="After equal numbers no rank is skipped: count the numbers that are smaller, not the different values.",
)
def dense(right, x):
    return of(x).unique(x, return_inverse=True)[1].reshape(-1)


@slip(
    "ranks",
    zh="相差不到 1e-6 的数当成了相等的：小一点点也是小。",
    en="Numbers less than 1e-6 apart are taken as equal: a little smaller is still smaller.",
)
def with_a_tolerance(right, x):
    return (x < x[:, None] - 1e-6).sum(1)


@slip(
    "ranks",
    zh="先变成了 float32：只差一点点的数成了相等的，名次也就相同了。",
    en="Numbers become float32 first: those that nearly agree become equal, and so do their ranks.",
)
def ranks_in_float32(right, x):
    return right(single(x))


@slip("inverse", zh="原样返回了 `permutation`。", en="It returns `permutation` as it is.")
def the_same(right, permutation):
    return permutation + 0


@slip(
    "inverse", zh="倒过来读不是逆：要问每个数在哪里。", en="Reading backwards is no inverse: ask where each number is."
)
def read_backwards(right, permutation):
    return of(permutation).flip(permutation, (0,))


@slip("inverse", zh="排好了值：那总是 0 到 `n - 1`。", en="It sorts the values: that is always 0 to `n - 1`.")
def sorted_values(right, permutation):
    return of(permutation).arange(len(permutation))


@slip(
    "inverse",
    zh="用了两次 `permutation`：再走一遍不会回到原处。",
    en="It applies `permutation` twice: going once more doesn't lead back.",
)
def applied_twice(right, permutation):
    return permutation[permutation]


@slip(
    "inverse",
    zh="求出了逆，却又倒过来读了。",
    en="The inverse is right, and then read backwards.",
)
def inverse_backwards(right, permutation):
    return of(permutation).flip(right(permutation), (0,))


@slip(
    "inverse",
    zh="用 `n - 1` 去减每个数：那是把名次倒过来，不是逆。",
    en="It subtracts each number from `n - 1`: that reverses ranks, and is no inverse.",
)
def subtracted(right, permutation):
    return len(permutation) - 1 - permutation


@slip(
    "nucleus",
    zh="最后使总和达到 `p` 的那个没有取：要取到*达到*为止。",
    en="The one that makes the total reach `p` is left out: take until it is *reached*.",
)
def stops_short(right, probs, p):
    xp, order = of(probs), (-probs).argsort(axis=1)
    rows = xp.arange(len(probs))[:, None]
    out = probs > 2
    out[rows, order] = probs[rows, order].cumsum(axis=1) < p
    return out


@slip(
    "nucleus",
    zh="掩码还是排好的顺序：要放回原来的位置。",
    en="The mask is still in sorted order: bring it back to the old places.",
)
def in_sorted_order(right, probs, p):
    order = (-probs).argsort(axis=1)
    return right(probs, p)[of(probs).arange(len(probs))[:, None], order]


@slip("nucleus", zh="从最小的开始取了。", en="It begins with the smallest.")
def from_the_smallest(right, probs, p):
    xp, order = of(probs), probs.argsort(axis=1)
    rows = xp.arange(len(probs))[:, None]
    out = probs > 2
    ordered = probs[rows, order]
    out[rows, order] = ordered.cumsum(axis=1) - ordered < p
    return out


@slip(
    "nucleus",
    zh="比较的是单个概率与 `p`，不是累加的总和。",
    en="Each probability is compared with `p`, and not the total.",
)
def each_alone(right, probs, p):
    return probs >= p


@slip("nucleus", zh="真和假反了：取了的为真。", en="True and false are exchanged: those taken are true.")
def the_rest(right, probs, p):
    return ~right(probs, p)


@slip("nucleus", zh="没有排序就累加了。", en="It adds up without sorting.")
def unsorted(right, probs, p):
    return probs.cumsum(axis=1) - probs < p


@slip("nucleus", zh="多取了一个：达到 `p` 就停。", en="There is one too many: stop when `p` is reached.")
def one_beyond(right, probs, p):
    kept, xp = right(probs, p), of(probs)
    next_one = xp.where(kept, -1.0, probs)
    return kept | ((next_one == xp.amax(next_one, 1)[:, None]) & ~kept)


# Against the rules: loops, and the other library


@mistake("np_embed", zh="值对，但用了推导式：那是循环。", en="The values are right, but a comprehension is a loop.")
def by_comprehension(table, tokens):
    return np.array([table[row] for row in tokens])


@mistake(
    "np_running_mean",
    zh="值对，但用了 `for`：想想累积。",
    en="The values are right, but there is a `for`: think of a scan.",
)
def by_a_loop(x):
    out = np.empty_like(x)
    for t in range(x.shape[1]):
        out[:, t] = x[:, : t + 1].mean(axis=1)
    return out


@mistake(
    "np_warmup", zh="值对，但 `np.vectorize` 里藏着循环。", en="The values are right, but `np.vectorize` hides a loop."
)
def by_vectorize(steps, warm):
    return np.vectorize(lambda t: min(1.0, (t + 1) / warm))(np.arange(steps)).astype(np.float32)


@mistake(
    "np_best_so_far",
    zh="值对，但函数自己调用自己：那也是循环。",
    en="The values are right, but the function calls itself, which is a loop, too.",
)
def by_recursion(losses):
    if len(losses) == 1:
        return losses
    before = by_recursion(losses[:-1])
    return np.append(before, np.minimum(before[-1], losses[-1]))


def sum_of_row(row):
    total = row[0] * 0
    for value in row:
        total = total + value
    return total


@mistake(
    "np_channel_means",
    zh="值对，但它调用的函数里有 `for`。",
    en="The values are right, but a function that it calls has a `for`.",
)
def by_a_looping_helper(images):
    return (sum_of_row(np.moveaxis(images, 1, 0).reshape(images.shape[1], -1).T) / images[:, 0].size).astype(
        images.dtype
    )


@mistake(
    "pt_first_true",
    zh="值对，但绕道了 NumPy：这里只用 PyTorch。",
    en="The values are right, but by way of NumPy: use PyTorch only.",
)
def by_numpy(mask):
    found = np.where(mask.numpy().any(1), mask.numpy().argmax(1), -1)
    return torch.from_numpy(found)


@mistake(
    "pt_ranks",
    zh="值对，但用 `tolist` 变成了 Python 的列表，再用循环：留在 PyTorch 里。",
    en="The values are right, but `tolist` makes Python lists of it, for a loop: stay in PyTorch.",
)
def by_lists(x):
    values = x.tolist()
    return torch.tensor([sum(other < value for other in values) for value in values])


@mistake(
    "np_top_k",
    zh="值对，但借了 PyTorch：这里只用 NumPy。",
    en="The values are right, but borrowed from PyTorch: use NumPy only.",
)
def by_torch(scores, k):
    return torch.from_numpy(scores.copy()).topk(k, dim=1).indices.numpy()


@mistake("pt_silence", zh="值对，但 `map` 里藏着循环。", en="The values are right, but `map` hides a loop.")
def by_map(scores, mask):
    return torch.stack(tuple(map(lambda s, m: s.masked_fill(~m, -torch.inf), scores, mask)))
