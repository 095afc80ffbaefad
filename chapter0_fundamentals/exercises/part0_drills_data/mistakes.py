"""The wrong answers of the second drills, each explained in a sentence; most are slips that both libraries allow."""

import numpy as np
import torch
from part0_drills.slips import of, slips_in

from coach import mistake
from part0_drills_data import solutions

slip = slips_in(solutions)

# Broadcasting


@slip(
    "standardise",
    zh="`mean` 和 `std` 对上了宽那个轴，不是通道。",
    en="`mean` and `std` meet the axis of the width, and not the channels.",
)
def along_the_width(right, images, mean, std):
    return (images - mean) / std


@slip("standardise", zh="乘了标准差，应当除。", en="It multiplies by the standard deviation: divide.")
def multiplied(right, images, mean, std):
    return right(images, mean, 1 / std)


@slip(
    "standardise",
    zh="先除后减：均值也要除，先减。",
    en="It divides first: subtract the mean first, or divide it as well.",
)
def divided_first(right, images, mean, std):
    return images / std[:, None, None] - mean[:, None, None]


@slip("standardise", zh="没有除以标准差。", en="It isn't divided by the standard deviation.")
def only_centred(right, images, mean, std):
    return right(images, mean, std * 0 + 1)


@slip("standardise", zh="没有减均值。", en="The mean isn't subtracted.")
def only_scaled(right, images, mean, std):
    return right(images, mean * 0, std)


@slip(
    "standardise",
    zh="自己从图里求了均值和标准差：要用给的。",
    en="It takes mean and deviation from these images: use those that are given.",
)
def own_statistics(right, images, mean, std):
    n = images.mean(axis=(0, 2, 3))
    spread = ((images - n[:, None, None]) ** 2).mean(axis=(0, 2, 3)) ** 0.5
    return right(images, n, spread + 1e-6)


@slip(
    "standardise", zh="除以了方差：要除以标准差。", en="It divides by the variance: divide by the standard deviation."
)
def by_the_variance(right, images, mean, std):
    return right(images, mean, std**2)


@slip(
    "standardise",
    zh="根号里加了 1e-5：标准差很小时，结果就不对了。",
    en="It adds 1e-5 under the root: where a standard deviation is tiny, the result is wrong.",
)
def with_an_epsilon(right, images, mean, std):
    return right(images, mean, (std**2 + 1e-5) ** 0.5)


@slip(
    "relative",
    zh="方向反了：第 `i` 行第 `j` 列是 `j - i`。",
    en="The sign is reversed: row `i`, column `j` is `j - i`.",
)
def behind_for_ahead(right, n, furthest):
    return -right(n, furthest)


@slip("relative", zh="没有压在界限之内。", en="It isn't held within the bound.")
def unbounded(right, n, furthest):
    return right(n, n)


@slip(
    "relative",
    zh="只压住了一边：前面也有界限 `-furthest`。",
    en="Only one side is held: there is a bound of `-furthest` as well.",
)
def bounded_above(right, n, furthest):
    return right(n, n).clip(None, furthest)


@slip(
    "relative",
    zh="负的都成了 0：在前面的词，距离是负数。",
    en="Negative ones became 0: earlier tokens are at negative distances.",
)
def no_negatives(right, n, furthest):
    return right(n, furthest).clip(0, None)


@slip("relative", zh="取了绝对值：前后要分得清。", en="It takes absolute values: before and after must differ.")
def distances(right, n, furthest):
    return abs(right(n, furthest))


@slip(
    "relative",
    zh="超出界限的绕了回来：应停在界限上。",
    en="What goes beyond the bound wraps around: it should stay at the bound.",
)
def wrapped(right, n, furthest):
    return (right(n, n) + furthest) % (2 * furthest + 1) - furthest


@slip(
    "relative",
    zh="用了 int8：超过 127 的数它放不下。",
    en="It uses int8, which can't hold numbers above 127.",
    only="np",
)
def in_eight_bits(right, n, furthest):
    places = np.arange(n).astype(np.int8)
    return np.clip(places - places[:, None], -furthest, furthest)


@slip(
    "squared_distances",
    zh="展开成 `|a|² - 2ab + |b|²`：离原点远时，float32 失去了有效数字。",
    en="Expanded to `|a|² - 2ab + |b|²` it loses its digits in float32, far from the origin.",
)
def expanded(right, a, b):
    return (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)


@slip(
    "squared_distances",
    zh="`torch.cdist` 行多时默认也用那种展开：要写 `compute_mode`。",
    en="With many rows `torch.cdist` uses that expansion by default, too: give it a `compute_mode`.",
    only="pt",
)
def default_cdist(right, a, b):
    return torch.cdist(a, b) ** 2


@slip("squared_distances", zh="给的是距离：不要开方。", en="These are distances: take no root.")
def rooted(right, a, b):
    return right(a, b) ** 0.5


@slip(
    "squared_distances",
    zh="行列颠倒了：`a` 是行，`b` 是列。",
    en="Rows and columns are swapped: `a` are the rows and `b` the columns.",
)
def b_in_rows(right, a, b):
    return right(b, a)


@slip(
    "squared_distances",
    zh="取了平均：要把各列的平方加起来。",
    en="It is a mean over the columns: add up their squares.",
)
def averaged(right, a, b):
    return right(a, b) / a.shape[1]


@slip(
    "squared_distances",
    zh="先加后平方：要先平方再加，不然正负抵消。",
    en="It adds first and squares then: square first, or signs cancel.",
)
def summed_first(right, a, b):
    return (a[:, None] - b).sum(axis=-1) ** 2


@slip(
    "squared_distances", zh="给的是绝对值之和，不是平方之和。", en="These are sums of absolute values, not of squares."
)
def absolute(right, a, b):
    return abs(a[:, None] - b).sum(axis=-1)


@slip("squared_distances", zh="求的是内积。", en="These are inner products.")
def inner_products(right, a, b):
    return a @ b.T


@slip(
    "squared_distances",
    zh="把平方展开了：两个极大的数相减，小的距离就丢了，float64 也不够。",
    en="The square is multiplied out: small distances are lost when huge numbers are subtracted, even in float64.",
    only="np",
)
def expanded_in_double(right, a, b):
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    out = (wide_a**2).sum(axis=1)[:, None] - 2 * wide_a @ wide_b.T + (wide_b**2).sum(axis=1)
    return np.maximum(out, 0).astype(a.dtype)


@slip("rotate", zh="转错了方向：正的角是逆时针。", en="It turns the wrong way: a positive angle is counter-clockwise.")
def clockwise(right, x, angles):
    return right(x, -angles)


@slip(
    "rotate",
    zh="第二个坐标用了已经改过的第一个：两个都要用旧的值。",
    en="The second coordinate uses the new first one: both need the old values.",
)
def one_after_the_other(right, x, angles):
    xp = of(x)
    a = x[..., 0] * xp.cos(angles) - x[..., 1] * xp.sin(angles)
    return xp.stack([a, a * xp.sin(angles) + x[..., 1] * xp.cos(angles)], -1)


@slip("rotate", zh="角当成了度：它们是弧度。", en="The angles are taken for degrees: they are radians.")
def degrees(right, x, angles):
    return right(x, angles * np.pi / 180)


@slip("rotate", zh="正弦和余弦用反了。", en="Sine and cosine are exchanged.")
def sine_for_cosine(right, x, angles):
    return right(x, np.pi / 2 - angles)


@slip("rotate", zh="第一个坐标的符号错了：是减，不是加。", en="The sign in the first coordinate is wrong: it is minus.")
def plus_for_minus(right, x, angles):
    xp, a, b = of(x), x[..., 0], x[..., 1]
    return xp.stack([a * xp.cos(angles) + b * xp.sin(angles), a * xp.sin(angles) + b * xp.cos(angles)], -1)


@slip(
    "rotate",
    zh="所有的对都转了同一个角：第 `k` 对用第 `k` 个角。",
    en="All pairs turn by one angle: pair `k` has angle `k`.",
)
def all_by_the_first(right, x, angles):
    return right(x, angles * 0 + angles[0])


@slip(
    "rotate",
    zh="新的两个坐标成了第 1 轴：要在末轴。",
    en="The two new coordinates are on axis 1: they belong on the last.",
)
def coordinates_on_axis_one(right, x, angles):
    return right(x, angles).swapaxes(1, 2)


def parts(a, b):
    xp = of(a)
    low, high = xp.maximum(a[:, None, :2], b[:, :2]), xp.minimum(a[:, None, 2:], b[:, 2:])
    areas = [(box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) for box in (a, b)]
    return high - low, areas[0][:, None], areas[1]


@slip(
    "iou",
    zh="没有把负的宽和高压到 0：横竖都不重叠时，两个负数乘成了正的。",
    en="Negative widths and heights aren't brought to 0: for boxes apart in both directions two of them make a positive area.",
)
def negative_sides(right, a, b):
    sides, area_a, area_b = parts(a, b)
    shared = sides[..., 0] * sides[..., 1]
    return shared / (area_a + area_b - shared)


@slip(
    "iou",
    zh="先相乘再压到 0：两个负数已经乘成了正的。",
    en="It multiplies first and clips then: by then two negative sides have made a positive area.",
)
def clipped_too_late(right, a, b):
    sides, area_a, area_b = parts(a, b)
    shared = (sides[..., 0] * sides[..., 1]).clip(0, None)
    return shared / (area_a + area_b - shared)


@slip(
    "iou",
    zh="分母没有减去重叠的面积：它被算了两次。",
    en="The shared area isn't subtracted from the denominator: it is counted twice there.",
)
def counted_twice(right, a, b):
    sides, area_a, area_b = parts(a, b)
    sides = sides.clip(0, None)
    return sides[..., 0] * sides[..., 1] / (area_a + area_b)


@slip("iou", zh="给的是重叠的面积，没有除。", en="This is the shared area, not divided.")
def shared_area(right, a, b):
    sides, _, _ = parts(a, b)
    sides = sides.clip(0, None)
    return sides[..., 0] * sides[..., 1]


@slip("iou", zh="只除以了 `a` 的面积。", en="It is divided by the area of `a` only.")
def over_the_first(right, a, b):
    sides, area_a, _ = parts(a, b)
    sides = sides.clip(0, None)
    return sides[..., 0] * sides[..., 1] / area_a


@slip(
    "iou",
    zh="后两个数当成了宽和高：它们是右和下。",
    en="The last two numbers are taken for width and height: they are right and bottom.",
)
def width_and_height(right, a, b):
    xp = of(a)
    a, b = (xp.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], 1) for box in (a, b))
    with np.errstate(all="ignore"):
        return right(a, b)


@slip("iou", zh="行列颠倒了：`a` 是行。", en="Rows and columns are swapped: `a` are the rows.")
def boxes_of_b_in_rows(right, a, b):
    return right(a, b).T


# Windows


@slip(
    "pool",
    zh="窗口重叠了：每组应从上一组之后开始。",
    en="The windows overlap: each group should begin after the one before.",
)
def overlapping(right, x, size):
    total = of(x).concatenate([x[:1] * 0, x.cumsum(axis=0)])
    return (total[size:] - total[:-size]) / size


@slip("pool", zh="给的是每组的和：还要除以 `size`。", en="These are the sums of the groups: divide by `size`.")
def group_sums(right, x, size):
    return right(x, size) * size


@slip("pool", zh="丢掉的是开头，不是末尾。", en="The beginning is dropped, and not the end.")
def drops_the_start(right, x, size):
    return right(x[len(x) % size :], size)


@slip(
    "pool", zh="分成了 `size` 组：要每组 `size` 个。", en="These are `size` groups: `size` numbers in each are wanted."
)
def that_many_groups(right, x, size):
    return right(x, len(x) // size)


@slip("pool", zh="取的是每组的最大值：要平均。", en="These are the maxima of the groups: means are wanted.")
def maxima(right, x, size):
    return of(x).amax(x[: len(x) // size * size].reshape(-1, size), 1)


@slip(
    "pool", zh="隔 `size` 个编成了一组：要相邻的。", en="Numbers that are apart make a group: it should be neighbours."
)
def interleaved(right, x, size):
    return x[: len(x) // size * size].reshape(size, -1).mean(axis=0)


@slip("pool", zh="只取了每组的第一个。", en="Only the first of each group is taken.")
def first_of_each(right, x, size):
    return x[: len(x) // size * size : size]


@slip(
    "contexts",
    zh="目标是上文的最后一个词：应是紧跟着的下一个。",
    en="The target is the last token of the context: it should be the next one after it.",
)
def last_of_the_context(right, tokens, size):
    inputs, _ = right(tokens, size)
    return inputs, inputs[:, -1]


@slip("contexts", zh="隔了一个：目标应紧跟在上文之后。", en="One is skipped: the target comes right after the context.")
def one_further(right, tokens, size):
    inputs, targets = right(tokens, size)
    return inputs, of(tokens).roll(targets, -1, 0)


@slip("contexts", zh="少了最后一段上文。", en="The last context is missing.")
def one_context_less(right, tokens, size):
    inputs, targets = right(tokens, size)
    return inputs[:-1], targets[:-1]


@slip("contexts", zh="上文的顺序反了。", en="The contexts are in reverse.")
def contexts_reversed(right, tokens, size):
    inputs, targets = right(tokens, size)
    return of(tokens).flip(inputs, (1,)), targets


@slip("contexts", zh="先目标，后上文：顺序反了。", en="First targets, then contexts: the order of the two is reversed.")
def targets_first(right, tokens, size):
    return right(tokens, size)[::-1]


@slip(
    "contexts",
    zh="目标也切成了一行一行：每段上文只要一个。",
    en="Targets are rows as well: one for each context is wanted.",
)
def target_rows(right, tokens, size):
    inputs, targets = right(tokens, size)
    return inputs, targets[:, None]


@slip(
    "contexts",
    zh="上文长了一个：它连目标也包括进去了。",
    en="The context has one token too many: it contains the target.",
)
def target_within(right, tokens, size):
    inputs, targets = right(tokens, size)
    return of(tokens).concatenate([inputs, targets[:, None]], 1), targets


@slip("frames", zh="`hop` 没有用上：每一格都开了窗口。", en="`hop` isn't used: there is a window at each place.")
def every_place(right, signal, size, hop):
    return right(signal, size, 1)


@slip(
    "frames",
    zh="起点每次前进了 `size` 格：应前进 `hop` 格。",
    en="The windows come every `size` places: it should be every `hop`.",
)
def end_to_end(right, signal, size, hop):
    return right(signal, size, size)


@slip("frames", zh="少了最后一个放得下的窗口。", en="The last window that fits is missing.")
def last_one_missing(right, signal, size, hop):
    return right(signal, size, hop)[:-1]


@slip(
    "frames",
    zh="末尾补了 0，多出一个窗口：放不下整段的就不取。",
    en="Zeros at the end make one window more: where it doesn't fit none is taken.",
)
def padded_at_the_end(right, signal, size, hop):
    return right(
        of(signal).concatenate([signal, signal[:1] * 0 + of(signal).zeros(hop, dtype=signal.dtype)]), size, hop
    )


@slip("frames", zh="`size` 和 `hop` 用反了。", en="`size` and `hop` are exchanged.")
def size_for_hop(right, signal, size, hop):
    return right(signal, hop, size)


@slip("frames", zh="行列颠倒了：一行一段。", en="Rows and columns are swapped: a row for each frame.")
def frames_in_columns(right, signal, size, hop):
    return right(signal, size, hop).T


def split_windows(right, images, size):
    batch, c = images.shape[:2]
    return right(images, size).reshape(batch, -1, c, size, size)


@slip(
    "im2col",
    zh="窗口和里面的数两个轴颠倒了：一个窗口一行。",
    en="The axis of windows and that of their numbers are swapped: a row for each window.",
)
def windows_in_columns(right, images, size):
    return right(images, size).swapaxes(1, 2)


@slip(
    "im2col",
    zh="一行里通道排在了最后：应先一个通道的各行，再下一个通道的。",
    en="Within a row channels run fast: it should be all of one channel, then the next.",
)
def channels_run_fast(right, images, size):
    windows = split_windows(right, images, size)
    return of(images).moveaxis(windows, 2, -1).reshape(right(images, size).shape)


@slip("im2col", zh="每个窗口被转置了：先行后列。", en="Each window is transposed: rows come first.")
def windows_transposed(right, images, size):
    return split_windows(right, images, size).swapaxes(3, 4).reshape(right(images, size).shape)


@slip(
    "im2col",
    zh="窗口的顺序是先从上到下：应先从左到右。",
    en="The windows come from top to bottom first: they should come from left to right first.",
)
def down_first(right, images, size):
    rows, columns = images.shape[2] - size + 1, images.shape[3] - size + 1
    out = right(images, size)
    return out.reshape(len(out), rows, columns, -1).swapaxes(1, 2).reshape(out.shape)


@slip(
    "im2col",
    zh="没有换轴就 `reshape`：数还在，却不属于同一个窗口了。",
    en="It reshapes without moving the axes: the numbers are there, but not those of one window.",
)
def reshaped_only(right, images, size):
    out = right(images, size)
    return of(images).moveaxis(split_windows(right, images, size), 2, 1).reshape(out.shape)


@slip(
    "im2col", zh="窗口不重叠：步幅是 1，不是 `size`。", en="The windows don't overlap: the stride is 1, and not `size`."
)
def without_overlaps(right, images, size):
    rows, columns = images.shape[2] - size + 1, images.shape[3] - size + 1
    out = right(images, size)
    return out.reshape(len(out), rows, columns, -1)[:, ::size, ::size].reshape(len(out), -1, out.shape[-1])


@slip(
    "im2col",
    zh="各通道加在了一起：每个通道的数都要留着。",
    en="The channels are added up: the numbers of each should stay.",
)
def channels_added(right, images, size):
    return right(images.sum(axis=1)[:, None], size)


@slip(
    "causal_conv",
    zh="看的是未来：下标是 `t + jd`，应是 `t - jd`。",
    en="It looks into the future: the index is `t + jd`, and should be `t - jd`.",
)
def of_the_future(right, x, kernel, dilation):
    return of(x).flip(right(of(x).flip(x, (0,)), kernel, dilation), (0,))


@slip("causal_conv", zh="`dilation` 没有用上。", en="`dilation` isn't used.")
def undilated(right, x, kernel, dilation):
    return right(x, kernel, 1)


@slip(
    "causal_conv",
    zh="`kernel` 反了：`w[0]` 乘的是现在，最后一个乘最早的。",
    en="`kernel` is reversed: `w[0]` belongs to the current number, the last one to the earliest.",
)
def kernel_reversed(right, x, kernel, dilation):
    return right(x, of(x).flip(kernel, (0,)), dilation)


@slip(
    "causal_conv",
    zh="负的下标从末尾数起了：开头之前当作 0。",
    en="Negative indices count from the end: before the beginning it is 0.",
)
def wrapped_to_the_end(right, x, kernel, dilation):
    source = of(x).arange(len(x))[:, None] - dilation * of(x).arange(len(kernel))
    return x[source % len(x)] @ kernel


@slip(
    "causal_conv",
    zh="开头之前重复了第一个数：应当作 0。",
    en="Before the beginning the first number is repeated: it counts as 0.",
)
def first_repeated(right, x, kernel, dilation):
    source = of(x).arange(len(x))[:, None] - dilation * of(x).arange(len(kernel))
    return x[source.clip(0, None)] @ kernel


@slip(
    "causal_conv",
    zh="每个输出都从过去移了一格：`j = 0` 乘的是 `x[t]` 自己。",
    en="All is one place late: for `j = 0` it is `x[t]` itself.",
)
def one_late(right, x, kernel, dilation):
    return of(x).concatenate([x[:1] * 0, right(x, kernel, dilation)[:-1]])


@slip(
    "causal_conv",
    zh="只留下了完整的窗口，变短了：结果与 `x` 一样长。",
    en="Only complete windows are left, and it is shorter: the result is as long as `x`.",
)
def only_complete(right, x, kernel, dilation):
    return right(x, kernel, dilation)[min(len(x) - 1, dilation * (len(kernel) - 1)) :]


# Grouping and counting


@slip(
    "counts",
    zh="少了后面没有出现的类别：一共要 `n_classes` 个数。",
    en="Classes at the end that don't occur are missing: `n_classes` numbers are wanted.",
)
def until_the_largest(right, labels, n_classes):
    return right(labels, int(labels.max()) + 1)


@slip("counts", zh="给的是比例，不是次数。", en="These are shares, and not counts.")
def label_shares(right, labels, n_classes):
    return right(labels, n_classes) / len(labels)


@slip("counts", zh="没有出现的类别跳过了。", en="Classes that don't occur are left out.")
def only_those_that_occur(right, labels, n_classes):
    out = right(labels, n_classes)
    return out[out > 0]


@slip(
    "counts",
    zh="每类最多算了一次：写 `out[labels] += 1` 会这样。",
    en="Each class counts once at most: `out[labels] += 1` does that.",
)
def once_at_most(right, labels, n_classes):
    return right(labels, n_classes).clip(None, 1)


@slip(
    "counts",
    zh="多了一格：类别是 0 到 `n_classes - 1`。",
    en="There is a cell too many: classes are 0 to `n_classes - 1`.",
)
def one_class_more(right, labels, n_classes):
    return right(labels, n_classes + 1)


@slip(
    "counts",
    zh="个数放在了 int8 里：过了 127 就变成负数。",
    en="The counts are int8: beyond 127 they become negative.",
)
def counted_in_one_byte(right, labels, n_classes):
    out = right(labels, n_classes)
    return out.to(torch.int8) if of(out) is torch else out.astype(np.int8)


@slip("counts", zh="标签从 1 数起了。", en="Labels are counted from 1.")
def labels_from_one(right, labels, n_classes):
    return of(labels).roll(right(labels, n_classes), -1, 0)


@slip(
    "confusion",
    zh="行列颠倒了：行是真的类别，列是猜的。",
    en="Rows and columns are swapped: rows are the true classes, columns the guesses.",
)
def guesses_in_rows(right, truth, guess, n_classes):
    return right(guess, truth, n_classes)


@slip(
    "confusion",
    zh="同一格只算了一次：`out[truth, guess] += 1` 会这样。",
    en="A cell counts once at most: `out[truth, guess] += 1` does that.",
)
def pairs_once(right, truth, guess, n_classes):
    return right(truth, guess, n_classes).clip(None, 1)


@slip("confusion", zh="给的是比例，不是次数。", en="These are shares, and not counts.")
def shares_of_pairs(right, truth, guess, n_classes):
    return right(truth, guess, n_classes) / len(truth)


@slip("confusion", zh="猜错的没有数：只有对角线。", en="Wrong guesses aren't counted: there is only the diagonal.")
def only_right_ones(right, truth, guess, n_classes):
    hit = truth == guess
    return right(truth[hit], guess[hit], n_classes) if hit.any() else right(truth, guess, n_classes) * 0


@slip(
    "confusion",
    zh="合成的数会重复：`t + g` 分不清是哪一对，要 `t` 乘类别数再加 `g`。",
    en="Different pairs become one number: `t + g` doesn't tell them apart, `t` times the number of classes plus `g` does.",
)
def added_up(right, truth, guess, n_classes):
    out = right(truth, guess, n_classes).reshape(-1) * 0
    cells = of(truth).bincount(truth + guess, minlength=n_classes**2)
    return (out + cells).reshape(n_classes, n_classes)


@slip("confusion", zh="没有排成表：还是一行。", en="It isn't made a table: it is still a row.")
def still_a_row(right, truth, guess, n_classes):
    return right(truth, guess, n_classes).reshape(-1)


@slip(
    "segment_sums",
    zh="同一组只留下了最后一行：`out[segments] += x` 会这样。",
    en="Of each group only the last row is left: `out[segments] += x` does that.",
)
def last_row_wins(right, x, segments, n_segments):
    later = (segments[:, None] == segments) & (of(x).arange(len(x)) > of(x).arange(len(x))[:, None])
    keep = ~later.any(axis=1)
    return right(of(x).where(keep[:, None], x, 0), segments, n_segments)


@slip("segment_sums", zh="给的是每组的平均：要和。", en="These are the means of the groups: sums are wanted.")
def segment_means(right, x, segments, n_segments):
    n = right(x * 0 + 1, segments, n_segments)
    return right(x, segments, n_segments) / n.clip(1, None)


@slip(
    "segment_sums",
    zh="少了后面的空组：一共 `n_segments` 行。",
    en="Empty groups at the end are missing: there are `n_segments` rows.",
)
def until_the_last_group(right, x, segments, n_segments):
    return right(x, segments, int(segments.max()) + 1)


@slip(
    "segment_sums",
    zh="空的组跳过了：它的和是 0，也占一行。",
    en="Empty groups are left out: their sum is 0, and they have a row.",
)
def without_empty_groups(right, x, segments, n_segments):
    n = right(x * 0 + 1, segments, n_segments)[:, 0]
    return right(x, segments, n_segments)[n > 0]


@slip(
    "segment_sums",
    zh="一行里的数也加在了一起：各列要分开。",
    en="The numbers of a row are added up as well: the columns stay apart.",
)
def columns_added(right, x, segments, n_segments):
    return right(x, segments, n_segments).sum(axis=1)


@slip(
    "segment_sums",
    zh="以为组号已经排好了：每一行的组号看 `segments`，顺序是随意的。",
    en="It takes sorted groups for granted: the group of each row is in `segments`, in any order.",
)
def by_sorted_groups(right, x, segments, n_segments):
    return right(x, of(x).sort(segments) if of(x) is np else segments.sort().values, n_segments)


@slip(
    "segment_sums",
    zh="值对，但成了 float64：`bincount` 和 `np.zeros` 默认如此。",
    en="The values are right, but float64, the default of `bincount` and `np.zeros`.",
    only="np",
)
def sums_in_double(right, x, segments, n_segments):
    return right(x, segments, n_segments).astype(np.float64)


@slip(
    "run_lengths",
    zh="分开的同值合在了一起：只有相邻的才算一段。",
    en="Equal values that are apart are joined: a run is of neighbours only.",
)
def like_unique(right, x):
    if of(x) is np:
        return np.unique(x, return_counts=True)
    return torch.unique(x, return_counts=True)


@slip("run_lengths", zh="最后一段漏了。", en="The last run is missing.")
def without_the_last_run(right, x):
    values, lengths = right(x)
    return values[:-1], lengths[:-1]


@slip(
    "run_lengths",
    zh="第一段漏了：第一个数总是一段的开头。",
    en="The first run is missing: the first number always begins one.",
)
def without_the_first_run(right, x):
    values, lengths = right(x)
    return values[1:], lengths[1:]


@slip("run_lengths", zh="给的是每段的开头，不是长度。", en="These are where the runs begin, and not their lengths.")
def starts(right, x):
    values, lengths = right(x)
    return values, lengths.cumsum(axis=0) - lengths


@slip("run_lengths", zh="给的是每段的结尾，不是长度。", en="These are where the runs end, and not their lengths.")
def ends(right, x):
    values, lengths = right(x)
    return values, lengths.cumsum(axis=0)


@slip("run_lengths", zh="每段少数了一个。", en="Each run is counted one too short.")
def one_too_short(right, x):
    values, lengths = right(x)
    return values, lengths - 1


@slip("run_lengths", zh="先长度，后值：顺序反了。", en="First lengths, then values: the order of the two is reversed.")
def lengths_first(right, x):
    return right(x)[::-1]


def exps_and_total(right, scores, segments, n_segments):
    xp = of(scores)
    own = segments[:, None] == xp.arange(n_segments)
    return xp, own


@slip(
    "segment_softmax",
    zh="没有分组：所有的分数一起做了 softmax。",
    en="There are no groups: all scores went through one softmax.",
)
def one_softmax(right, scores, segments, n_segments):
    return right(scores, segments * 0, 1)


@slip(
    "segment_softmax",
    zh="减的是全部的最大值：离它很远的组，指数全成了 0，得到 NaN。",
    en="It subtracts the maximum of all: in a group far below it all exponentials are 0, and give NaN.",
)
def global_maximum(right, scores, segments, n_segments):
    xp, own = exps_and_total(right, scores, segments, n_segments)
    exps = xp.exp(scores - scores.max())
    with np.errstate(all="ignore"):
        return exps / (own * exps[:, None]).sum(axis=0)[segments]


@slip(
    "segment_softmax",
    zh="没有减最大值：分数上千时溢出，成了 NaN。",
    en="No maximum is subtracted: scores in the thousands overflow, and give NaN.",
)
def overflowing(right, scores, segments, n_segments):
    xp, own = exps_and_total(right, scores, segments, n_segments)
    with np.errstate(all="ignore"):
        exps = xp.exp(scores)
        return exps / xp.where(own, exps[:, None], 0).sum(axis=0)[segments]


@slip(
    "segment_softmax",
    zh="每组的最大值从 0 开始比：分数全是负的组，减的是 0。",
    en="A group's maximum begins with 0: where all scores are negative it subtracts 0.",
)
def maximum_from_zero(right, scores, segments, n_segments):
    xp, own = exps_and_total(right, scores, segments, n_segments)
    highest = xp.amax(xp.where(own, scores[:, None], 0), 0).clip(0, None)
    exps = xp.exp(scores - highest[segments])
    with np.errstate(all="ignore"):
        return exps / (own * exps[:, None]).sum(axis=0)[segments]


@slip("segment_softmax", zh="没有除以组的总和。", en="It isn't divided by the group's total.")
def not_divided(right, scores, segments, n_segments):
    out = right(scores, segments, n_segments)
    own = segments[:, None] == segments
    return out / of(out).amax(of(out).where(own, out, 0), 1)


@slip(
    "segment_softmax",
    zh="每个组内取了平均再归一：分母多除了一次个数。",
    en="The denominator is a mean and not a sum: results of a group don't sum to 1.",
)
def over_the_mean(right, scores, segments, n_segments):
    n = (segments[:, None] == segments).sum(axis=1)
    return (
        (right(scores, segments, n_segments) * n).astype(scores.dtype)
        if of(scores) is np
        else right(scores, segments, n_segments) * n
    )


@slip("segment_softmax", zh="给的是对数。", en="These are logarithms.")
def log_softmax(right, scores, segments, n_segments):
    return of(scores).log(right(scores, segments, n_segments))


@slip(
    "segment_softmax",
    zh="减了组的平均值：离平均值很远的分数仍会溢出，要减最大值。",
    en="It subtracts the mean of each group: scores far above it still overflow. Subtract the maximum.",
    only="np",
)
def less_the_mean(right, scores, segments, n_segments):
    counts = np.bincount(segments, minlength=n_segments)
    means = np.bincount(segments, weights=scores, minlength=n_segments) / np.maximum(counts, 1)
    with np.errstate(all="ignore"):
        powers = np.exp(scores - means[segments])
        sums = np.bincount(segments, weights=powers, minlength=n_segments)
        return (powers / sums[segments]).astype(scores.dtype)


# Linear algebra


@slip(
    "quadratic",
    zh="给的是整张表 `X @ A @ X.T`：每一行只要与自己的。",
    en="This is the whole table `X @ A @ X.T`: each row only with itself.",
)
def whole_table(right, x, matrix):
    return x @ matrix @ x.T


@slip("quadratic", zh="没有再乘 `x`：还是向量。", en="It isn't multiplied by `x` again: these are still vectors.")
def only_one_side(right, x, matrix):
    return x @ matrix


@slip("quadratic", zh="只用了矩阵的对角线。", en="Only the diagonal of the matrix is used.")
def diagonal_of_the_matrix(right, x, matrix):
    return x**2 @ of(x).diagonal(matrix)


@slip("quadratic", zh="没有用矩阵：这是长度的平方。", en="The matrix isn't used: these are squared lengths.")
def squared_lengths(right, x, matrix):
    return (x**2).sum(axis=1)


@slip("quadratic", zh="沿错了轴求和：一行一个数。", en="It sums along the wrong axis: one number a row.")
def summed_over_rows(right, x, matrix):
    return ((x @ matrix) * x).sum(axis=0)


@slip("quadratic", zh="乘了两次矩阵：一次就够了。", en="The matrix is used twice: once is enough.")
def matrix_twice(right, x, matrix):
    return right(x, matrix @ matrix)


@slip(
    "erase",
    zh="没有除以 `d · d`：只有长度是 1 的方向才对。",
    en="It isn't divided by `d · d`: that is right for a direction of length 1 only.",
)
def taken_for_unit(right, x, direction):
    return x - (x @ direction)[:, None] * direction


@slip("erase", zh="除以了长度，应除以长度的平方。", en="It is divided by the length, and should be by its square.")
def over_the_length(right, x, direction):
    length = (direction @ direction) ** 0.5
    return x - (x @ direction)[:, None] * direction / length


@slip(
    "erase",
    zh="留下的是沿 `direction` 的部分：要减掉它。",
    en="The part along `direction` is what is left: subtract it.",
)
def only_the_direction(right, x, direction):
    return x - right(x, direction)


@slip(
    "erase",
    zh="减了整个 `direction`，不管每行有多少。",
    en="The whole `direction` is subtracted, however much of it a row has.",
)
def whole_direction(right, x, direction):
    return x - direction


@slip(
    "erase",
    zh="分母上加了一个小数，怕除以 0：`direction` 不是零，而它很短时，这个小数比 `d · d` 还大。",
    en="A small number is added to the denominator, against a division by 0: `direction` isn't zero, and for a short one that number is larger than `d · d`.",
)
def guarded_against_zero(right, x, direction):
    return x - (x @ direction / (direction @ direction + 1e-6))[:, None] * direction


@slip("erase", zh="加上了，应当减去。", en="It is added, and should be subtracted.")
def added_instead(right, x, direction):
    return 2 * x - right(x, direction)


@slip(
    "erase",
    zh="只把 `direction` 最大的那一列清成了 0。",
    en="It only sets the column to 0 where `direction` is largest.",
)
def column_cleared(right, x, direction):
    out = x + 0
    out[:, int(abs(direction).argmax())] = 0
    return out


@slip("covariances", zh="除以了 `n - 1`：要除以 `n`。", en="It is divided by `n - 1`: divide by `n`.")
def over_n_minus_one(right, x):
    with np.errstate(all="ignore"):
        return right(x) * x.shape[1] / (right(x) * 0 + (x.shape[1] - 1))


@slip("covariances", zh="没有减平均。", en="The means aren't subtracted.")
def uncentred(right, x):
    return x.swapaxes(1, 2) @ x / x.shape[1]


@slip(
    "covariances",
    zh="减的是整批的平均：每一批减自己的。",
    en="The mean of the whole batch is subtracted: each has its own.",
)
def centred_together(right, x):
    centred = x - x.mean(axis=(0, 1))
    return centred.swapaxes(1, 2) @ centred / x.shape[1]


@slip("covariances", zh="没有除以 `n`。", en="It isn't divided by `n`.")
def scatter(right, x):
    return right(x) * x.shape[1]


@slip(
    "covariances",
    zh="平均沿错了轴：要减每一列的平均。",
    en="The mean is along the wrong axis: subtract the mean of each column.",
)
def rows_centred(right, x):
    centred = x - x.mean(axis=2)[..., None]
    return centred.swapaxes(1, 2) @ centred / x.shape[1]


@slip(
    "covariances",
    zh="乘反了：得到 `n × n` 的表。",
    en="The product is the other way round: it is a table of `n × n`.",
)
def of_the_rows(right, x):
    centred = x - x.mean(axis=1)[:, None]
    return centred @ centred.swapaxes(1, 2) / x.shape[1]


@slip(
    "covariances",
    zh="只有一列时少了轴：`cov` 对一列只给一个数，仍然要 `1 × 1` 的矩阵。",
    en="With a single column axes are missing: of one column `cov` gives a number, and a matrix of `1 × 1` is wanted.",
)
def one_column_without_axes(right, x):
    out = right(x)
    return out[:, 0, 0] if x.shape[2] == 1 else out


@slip("covariances", zh="各批加在了一起。", en="The batch is added up.")
def batch_averaged(right, x):
    return right(x).mean(axis=0)


@slip("covariances", zh="只有对角线：协方差也要。", en="Only the diagonal is there: covariances are wanted as well.")
def variances_only(right, x):
    return right(x) * (of(x).arange(x.shape[2])[:, None] == of(x).arange(x.shape[2]))


@slip(
    "ridge",
    zh="`λ` 加到了整个矩阵上：只加到对角线。",
    en="`λ` is added to the whole matrix: add it to the diagonal only.",
)
def added_everywhere(right, x, y, strength):
    return of(x).linalg.solve(x.T @ x + strength, x.T @ y)


@slip("ridge", zh="`strength` 没有用上。", en="`strength` isn't used.")
def unpunished(right, x, y, strength):
    return right(x, y, 0.0)


@slip(
    "ridge",
    zh="乘了行数：惩罚是 `λ`，不是 `n · λ`。",
    en="It is multiplied by the number of rows: the price is `λ`, not `n · λ`.",
)
def times_the_rows(right, x, y, strength):
    return right(x, y, strength * len(x))


@slip("ridge", zh="给的是预测 `Xw`，不是 `w`。", en="These are the predictions `Xw`, and not `w`.")
def predictions(right, x, y, strength):
    return x @ right(x, y, strength)


@slip(
    "ridge",
    zh="先减了平均，等于多了截距：这里没有。",
    en="Means are subtracted first, which adds an intercept: there is none here.",
)
def with_an_intercept(right, x, y, strength):
    return right(x - x.mean(axis=0), y - y.mean(), strength)


@slip("ridge", zh="只除以了对角线，没有解方程组。", en="It divides by the diagonal, and doesn't solve the equations.")
def divided_by_the_diagonal(right, x, y, strength):
    return x.T @ y / ((x**2).sum(axis=0) + strength)


@slip("ridge", zh="惩罚用了 `λ²`：应是 `λ`。", en="The penalty uses `λ²`: it should be `λ`.")
def strength_squared(right, x, y, strength):
    return right(x, y, strength**2)


@slip("ridge", zh="符号反了：`λ` 要加，不要减。", en="The sign is reversed: add `λ`, don't subtract it.")
def subtracted(right, x, y, strength):
    return right(x, y, -strength)


def eigen(x):
    centred = x - x.mean(axis=0)
    return centred, *of(x).linalg.eigh(centred.T @ centred / len(x))


@slip(
    "whiten",
    zh="除以了特征值：要除以它的平方根，也就是标准差。",
    en="It divides by the eigenvalues: divide by their roots, the standard deviations.",
)
def by_variances(right, x):
    centred, values, vectors = eigen(x)
    return centred @ vectors / values


@slip(
    "whiten",
    zh="只转了方向，没有缩放：各列的方差还不是 1。",
    en="It is turned but not scaled: the variances aren't 1 yet.",
)
def only_turned(right, x):
    centred, _, vectors = eigen(x)
    return centred @ vectors


@slip(
    "whiten",
    zh="只把各列分别标准化：它们还是相关的。",
    en="Each column is standardised by itself: they are still correlated.",
)
def each_column_alone(right, x):
    return (x - x.mean(axis=0)) / ((x - x.mean(axis=0)) ** 2).mean(axis=0) ** 0.5


@slip("whiten", zh="没有减平均。", en="The means aren't subtracted.")
def not_centred(right, x):
    _, values, vectors = eigen(x)
    return x @ vectors / values**0.5


@slip("whiten", zh="特征向量是列，这里用成了行。", en="Eigenvectors are columns, and here rows were used.")
def rows_for_columns(right, x):
    centred, values, vectors = eigen(x)
    return centred @ vectors.T / values**0.5


@slip("whiten", zh="协方差除以了 `n - 1`：要除以 `n`。", en="The covariance is over `n - 1`: it should be over `n`.")
def by_the_sample(right, x):
    return right(x) * ((len(x) - 1) / len(x)) ** 0.5


@slip("whiten", zh="乘了标准差，应当除。", en="It multiplies by the standard deviations: divide.")
def stretched_more(right, x):
    centred, values, vectors = eigen(x)
    return centred @ vectors * values**0.5


@slip(
    "whiten",
    zh="协方差对了，但行的顺序乱了：第 `i` 行不再属于 `x` 的第 `i` 行。",
    en="The covariance is right, but the rows are in another order: row `i` no longer belongs to row `i` of `x`.",
)
def rows_mixed(right, x):
    return of(x).flip(right(x), (0,))


# Random


def uniform(x, rng, shape=None):
    shape = tuple(x.shape if shape is None else shape)
    return rng.random(shape) if isinstance(rng, np.random.Generator) else torch.rand(shape, generator=rng)


def whole(below, shape, rng):
    ours = isinstance(rng, np.random.Generator)
    return rng.integers(below, size=tuple(shape)) if ours else torch.randint(below, tuple(shape), generator=rng)


@slip(
    "dropout_mask",
    zh="留下和丢掉反了：以概率 `p` 变成 0。",
    en="Kept and dropped are exchanged: a number becomes 0 with probability `p`.",
)
def kept_with_p(right, x, p, rng):
    return of(x).where(uniform(x, rng) < p, x / (1 - p), 0)


@slip(
    "dropout_mask",
    zh="留下的没有除以 `1 - p`：期望变小了。",
    en="Those that stay aren't divided by `1 - p`: the expectation has shrunk.",
)
def not_scaled(right, x, p, rng):
    return right(x, p, rng) * (1 - p)


@slip("dropout_mask", zh="除以了 `p`，应除以 `1 - p`。", en="It is divided by `p`, and should be by `1 - p`.")
def over_p(right, x, p, rng):
    with np.errstate(all="ignore"):
        return of(x).where(uniform(x, rng) >= p, x / (x * 0 + p), 0)


@slip("dropout_mask", zh="整行一起丢：每个数要各自抽。", en="Whole rows are dropped: each number is drawn by itself.")
def whole_rows(right, x, p, rng):
    return of(x).where(uniform(x, rng, (len(x), 1)) >= p, x / (1 - p), 0)


@slip(
    "dropout_mask", zh="整列一起丢：每个数要各自抽。", en="Whole columns are dropped: each number is drawn by itself."
)
def whole_columns(right, x, p, rng):
    return of(x).where(uniform(x, rng, (1, x.shape[1])) >= p, x / (1 - p), 0)


@slip(
    "dropout_mask",
    zh="随机数来自全局的状态，不来自 `rng`。",
    en="The random numbers come from the global state, and not from `rng`.",
)
def from_the_global_state(right, x, p, rng):
    numbers = np.random.random(x.shape) if of(x) is np else torch.rand(x.shape)
    return of(x).where(numbers >= p, x / (1 - p), 0)


@slip("dropout_mask", zh="里面又设了种子：每次都一样。", en="A seed is set inside: it is the same each time.")
def seeded_inside(right, x, p, rng):
    return right(x, p, np.random.default_rng(0) if of(x) is np else torch.Generator().manual_seed(0))


@slip("dropout_mask", zh="值对，但成了 float64。", en="The values are right, but float64.", only="np")
def dropped_in_double(right, x, p, rng):
    return right(x, p, rng).astype(np.float64)


@slip(
    "dropout_mask",
    zh="每次都正好丢掉同样多的数：每个数要各自抽。",
    en="It drops exactly the same number of them each time: each is drawn by itself.",
    only="np",
)
def an_exact_share(right, x, p, rng):
    drop = rng.permutation(x.size) < round(p * x.size)
    return np.where(drop.reshape(x.shape), 0, x / (1 - p))


@slip(
    "split",
    zh="没有打乱：前面的总在第一份。",
    en="Nothing is shuffled: the first numbers are always in the first part.",
)
def unshuffled(right, n, n_first, rng):
    first, rest = right(n, n_first, rng)
    both = of(first).arange(n)
    return both[:n_first], both[n_first:]


@slip("split", zh="两份颠倒了：第一份要 `n_first` 个。", en="The two parts are exchanged: the first has `n_first`.")
def parts_exchanged(right, n, n_first, rng):
    return right(n, n_first, rng)[::-1]


@slip(
    "split",
    zh="是有放回地抽的：有的出现两次，有的没有。",
    en="It is drawn with replacement: some occur twice, others never.",
)
def with_replacement(right, n, n_first, rng):
    both = whole(n, (n,), rng)
    return both[:n_first], both[n_first:]


@slip(
    "split",
    zh="两份各打乱了一次，于是有重叠：只打乱一次，再切开。",
    en="Each part was shuffled anew, so they overlap: shuffle once, then cut.",
)
def shuffled_twice(right, n, n_first, rng):
    return right(n, n_first, rng)[0], right(n, n_first, rng)[1]


@slip("split", zh="从 1 数起了：应是 0 到 `n - 1`。", en="It counts from 1: it should be 0 to `n - 1`.")
def numbers_from_one(right, n, n_first, rng):
    first, rest = right(n, n_first, rng)
    return first + 1, rest + 1


@slip(
    "split",
    zh="随机地转了一圈，相邻的总在一起：要打乱。",
    en="It starts at a random place and goes round, so neighbours stay together: shuffle.",
)
def turned_around(right, n, n_first, rng):
    first, _ = right(n, n_first, rng)
    start = int(uniform(None, rng, (1,))[0] * n)
    both = (of(first).arange(n) + start) % n
    return both[:n_first], both[n_first:]


@slip("split", zh="种子在函数里定死了：每次都一样。", en="The seed is fixed inside: it is the same each time.")
def split_seeded_inside(right, n, n_first, rng):
    same = isinstance(rng, np.random.Generator)
    return right(n, n_first, np.random.default_rng(1) if same else torch.Generator().manual_seed(1))


@slip("negatives", zh="有时抽中标签自己：没有排除它。", en="Sometimes it is the label itself: that isn't ruled out.")
def any_class(right, labels, n_classes, rng):
    return whole(n_classes, labels.shape, rng)


@slip(
    "negatives",
    zh="抽中自己时加 1：下一个类别的机会成了两倍。",
    en="Where it draws the label it adds 1: the next class has twice the chance.",
)
def next_if_equal(right, labels, n_classes, rng):
    drawn = any_class(right, labels, n_classes, rng)
    return of(labels).where(drawn == labels, (drawn + 1) % n_classes, drawn)


@slip("negatives", zh="总是下一个类别，没有随机。", en="It is always the next class: nothing is random.")
def always_the_next(right, labels, n_classes, rng):
    return (labels + 1) % n_classes


@slip(
    "negatives",
    zh="整批只抽了一次：每个标签都隔一样远。",
    en="There is one draw for the whole batch: all labels go on equally far.",
)
def one_step_for_all(right, labels, n_classes, rng):
    return (labels + right(labels[:1], n_classes, rng) - labels[:1]) % n_classes


@slip("negatives", zh="没有取余数：超出了类别的范围。", en="The remainder isn't taken: some are beyond the classes.")
def beyond_the_classes(right, labels, n_classes, rng):
    step = (right(labels, n_classes, rng) - labels) % n_classes
    return labels + step


@slip(
    "negatives",
    zh="离标签最远的那一类（标签的前一类）从来抽不到。",
    en="The class just before the label is never drawn.",
)
def one_class_never(right, labels, n_classes, rng):
    return (labels + 1 + whole(n_classes - 2, labels.shape, rng)) % n_classes


@slip("negatives", zh="里面又设了种子：每次都一样。", en="A seed is set inside: it is the same each time.")
def negatives_seeded_inside(right, labels, n_classes, rng):
    return right(labels, n_classes, np.random.default_rng(0) if of(labels) is np else torch.Generator().manual_seed(0))


@slip(
    "balanced", zh="没有打乱：总是每类的前几个。", en="Nothing is shuffled: it is always the first few of each class."
)
def always_the_first_few(right, labels, n_classes, per_class, rng):
    order = np.argsort(labels, kind="stable") if of(labels) is np else labels.argsort(stable=True)
    starts = of(labels).searchsorted(labels[order], of(labels).arange(n_classes))
    return order[starts[:, None] + of(labels).arange(per_class)]


@slip(
    "balanced",
    zh="是有放回地抽的：同一个下标会出现两次。",
    en="It is drawn with replacement: an index may occur twice.",
)
def class_with_replacement(right, labels, n_classes, per_class, rng):
    xp = of(labels)
    n = xp.bincount(labels, minlength=n_classes)[:, None]
    picks = uniform(labels, rng, (n_classes, per_class)) * n
    order = np.argsort(labels, kind="stable") if xp is np else labels.argsort(stable=True)
    starts = xp.searchsorted(labels[order], xp.arange(n_classes))
    return order[starts[:, None] + (picks.astype(int) if xp is np else picks.long())]


@slip(
    "balanced",
    zh="给的是打乱之后的位置，没有换回原来的下标。",
    en="These are places after the shuffle, not brought back to the old indices.",
)
def places_after_the_shuffle(right, labels, n_classes, per_class, rng):
    xp = of(labels)
    order = rng.permutation(len(labels)) if xp is np else torch.randperm(len(labels), generator=rng)
    return right(labels[order], n_classes, per_class, rng)


@slip("balanced", zh="给的是标签，不是下标。", en="These are labels, and not indices.")
def labels_for_indices(right, labels, n_classes, per_class, rng):
    return labels[right(labels, n_classes, per_class, rng)]


@slip("balanced", zh="行列颠倒了：一行一类。", en="Rows and columns are swapped: a row for each class.")
def classes_in_columns(right, labels, n_classes, per_class, rng):
    return right(labels, n_classes, per_class, rng).T


@slip("balanced", zh="没有分类地抽：各类的个数不一样。", en="It draws whatever the class: their numbers differ.")
def any_rows(right, labels, n_classes, per_class, rng):
    order = rng.permutation(len(labels)) if of(labels) is np else torch.randperm(len(labels), generator=rng)
    return order[: n_classes * per_class].reshape(n_classes, per_class)


@slip(
    "balanced",
    zh="从每一类随机的一处起连着取：相邻的总在一起。",
    en="It takes neighbours from a random place in each class: they always come together.",
)
def neighbours(right, labels, n_classes, per_class, rng):
    xp = of(labels)
    n = xp.bincount(labels, minlength=n_classes)[:, None]
    start = uniform(labels, rng, (n_classes, 1)) * n
    start = start.astype(int) if xp is np else start.long()
    order = np.argsort(labels, kind="stable") if xp is np else labels.argsort(stable=True)
    begins = xp.searchsorted(labels[order], xp.arange(n_classes))[:, None]
    return order[begins + (start + xp.arange(per_class)) % n]


@slip("distinct", zh="权重没有用上：每一列机会相同。", en="The weights aren't used: all columns have the same chance.")
def unweighted(right, weights, k, rng):
    return right(weights * 0 + 1, k, rng)


@slip(
    "distinct",
    zh="没有随机：总是权重最大的 `k` 个。",
    en="Nothing is random: it is always the `k` with the largest weights.",
)
def always_the_heaviest(right, weights, k, rng):
    return (-weights).argsort(axis=1)[:, :k]


@slip("distinct", zh="是有放回地抽的：同一列会出现两次。", en="It is drawn with replacement: a column may occur twice.")
def columns_with_replacement(right, weights, k, rng):
    total = weights.cumsum(axis=1) / weights.sum(axis=1)[:, None]
    points = uniform(weights, rng, (len(weights), k))
    return (points[:, :, None] > total[:, None]).sum(axis=-1).clip(0, weights.shape[1] - 1)


@slip(
    "distinct",
    zh="随机的键乘权重再取最大：这样的机会不正比于权重。",
    en="It takes the largest of uniform keys times weights: these chances aren't in proportion to the weights.",
)
def keys_times_weights(right, weights, k, rng):
    return (-uniform(weights, rng) * weights).argsort(axis=1)[:, :k]


@slip(
    "distinct",
    zh="取了 `u ** w` 最小的：两列抽一列时机会正好，列数多了就不对；要取 `u ** (1 / w)` 最大的。",
    en="It takes the smallest `u ** w`: the chances are right for one of two columns, but not for more; take the largest `u ** (1 / w)`.",
)
def smallest_powers(right, weights, k, rng):
    return (of(weights).log(uniform(weights, rng)) * weights).argsort(axis=1)[:, :k]


@slip(
    "distinct",
    zh="机会正比于权重的倒数：轻的反而多。",
    en="The chances are in proportion to one over the weight: light ones come more often.",
)
def upside_down(right, weights, k, rng):
    return right(1 / weights, k, rng)


@slip(
    "distinct",
    zh="每一行用了同样的随机数：各行要各抽各的。",
    en="All rows use the same random numbers: each draws for itself.",
)
def one_draw_for_all_rows(right, weights, k, rng):
    xp = of(weights)
    keys = -xp.log(uniform(weights, rng, (1, weights.shape[1]))) / weights
    return keys.argsort(axis=1)[:, :k]


@slip("distinct", zh="所有的列都在：只取前 `k` 个。", en="All columns are there: take only the first `k`.")
def all_columns(right, weights, k, rng):
    return right(weights, weights.shape[1], rng)


@slip(
    "distinct",
    zh="权重被平方了，重的抽得太多。",
    en="It draws by the squares of the weights: heavy ones come too often.",
)
def squared_weights(right, weights, k, rng):
    return right(weights**2, k, rng)


# Against the rules: loops, and the other library


@mistake("np_frames", zh="值对，但用了推导式：那是循环。", en="The values are right, but a comprehension is a loop.")
def by_comprehension(signal, size, hop):
    return np.stack([signal[i : i + size] for i in range(0, len(signal) - size + 1, hop)])


@mistake("np_counts", zh="值对，但用了 `for`：那是循环。", en="The values are right, but there is a `for`.")
def by_a_loop(labels, n_classes):
    out = np.zeros(n_classes, dtype=np.int64)
    for label in labels:
        out[label] += 1
    return out


@mistake(
    "pt_squared_distances",
    zh="值对，但用了生成器表达式：那是循环。",
    en="The values are right, but a generator expression is a loop.",
)
def by_a_generator(a, b):
    return torch.stack(tuple(((row - b) ** 2).sum(dim=1) for row in a))


@mistake(
    "pt_run_lengths",
    zh="值对，但绕道了 NumPy：这里只用 PyTorch。",
    en="The values are right, but by way of NumPy: use PyTorch only.",
)
def by_numpy(x):
    starts = np.flatnonzero(np.append(True, np.diff(x.numpy()) != 0))
    return x[torch.from_numpy(starts)], torch.from_numpy(np.diff(starts, append=len(x)))


@mistake("np_covariances", zh="值对，但 `map` 里藏着循环。", en="The values are right, but `map` hides a loop.")
def by_map(x):
    return np.stack(list(map(lambda rows: (rows - rows.mean(0)).T @ (rows - rows.mean(0)) / len(rows), x)))


@mistake("np_negatives", zh="随机数对，但用了 `while`：那是循环。", en="The draws are right, but there is a `while`.")
def by_trying_again(labels, n_classes, rng):
    out = rng.integers(n_classes, size=len(labels))
    while (out == labels).any():
        again = out == labels
        out[again] = rng.integers(n_classes, size=again.sum())
    return out


@mistake(
    "np_distinct",
    zh="随机数对，但 `np.apply_along_axis` 里藏着循环。",
    en="The draws are right, but `np.apply_along_axis` hides a loop.",
)
def row_by_row(weights, k, rng):
    return np.apply_along_axis(lambda w: rng.choice(len(w), k, replace=False, p=w / w.sum()), 1, weights.astype(float))
