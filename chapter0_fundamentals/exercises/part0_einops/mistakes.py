"""The wrong answers of the einops lesson, each explained in a sentence."""

import einops
import torch

from coach import mistake
from part0_einops import solutions


@mistake(
    "puzzle_1",
    zh="你把它们上下摞起来了：`b` 应当并进宽度，而不是高度。",
    en="You piled them up: `b` belongs to the width, not to the height.",
)
def stacked(digits):
    return einops.rearrange(digits, "b c h w -> c (b h) w")


@mistake(
    "puzzle_1",
    zh="括号里的次序反了：写在后面的轴变得快，这样相邻两列来自不同的数字。",
    en="The order in the brackets is reversed: the last one runs fast, so neighbouring columns come from different digits.",
)
def woven(digits):
    return einops.rearrange(digits, "b c h w -> c h (w b)")


@mistake(
    "puzzle_1",
    zh="颜色轴放到了最后：结果要以 `c` 开头。",
    en="The colour axis has gone last: the result begins with `c`.",
)
def colours_last(digits):
    return einops.rearrange(digits, "b c h w -> h (b w) c")


@mistake(
    "puzzle_1",
    zh="`reshape` 按内存的次序往下读，不管哪个数是谁的：轴的次序没有换过。",
    en="`reshape` reads on in memory's order, whoever a number belongs to: the axes were never moved.",
)
def merged_by_memory(digits):
    return digits.reshape(digits.shape[1], digits.shape[2], -1)


@mistake(
    "puzzle_1",
    zh="数字的次序倒过来了：0 在最左边。",
    en="The digits come in reverse order: 0 stands on the left.",
)
def backwards(digits):
    return einops.rearrange(digits.flip(0), "b c h w -> c h (b w)")


@mistake(
    "puzzle_1",
    zh="每个数字的行和列对调了：`h` 仍然是高度。",
    en="Rows and columns of each digit have changed places: `h` is still the height.",
)
def each_mirrored(digits):
    return einops.rearrange(digits, "b c h w -> c w (b h)")


@mistake(
    "puzzle_1",
    zh="轴的次序对了，但还没有合并：`b` 和 `w` 要放在一个括号里。",
    en="The axes stand in the right order but aren't joined: `b` and `w` belong in one pair of brackets.",
)
def not_joined(digits):
    return einops.rearrange(digits, "b c h w -> c h b w")


@mistake(
    "puzzle_1",
    zh="`b` 和 `c` 弄混了：第一个轴是数字，第二个轴是颜色。",
    en="`b` and `c` are confused: the first axis counts digits, the second colours.",
)
def colours_in_the_width(digits):
    return einops.rearrange(digits.transpose(0, 1), "b c h w -> c h (b w)")


@mistake(
    "puzzle_2",
    zh="这是谜题 1：要先把 `b` 拆成两个轴。",
    en="That is puzzle 1: split `b` into two axes first.",
)
def all_in_one_row(digits):
    return einops.rearrange(digits, "b c h w -> c h (b w)")


@mistake(
    "puzzle_2",
    zh="数字的次序不对：你是从上往下读的，应当先读完一行。",
    en="The digits' order is wrong: you read downwards, but a row is read first.",
)
def read_downwards(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b2 h) (b1 w)", b2=2)


@mistake(
    "puzzle_2",
    zh="你得到三行、每行两个；要的是两行、每行三个。",
    en="You have three rows of two; it should be two rows of three.",
)
def three_rows(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b1 h) (b2 w)", b2=2)


@mistake(
    "puzzle_2",
    zh="宽度里的次序反了：先走完一个数字的 `w` 列，再换下一个。",
    en="Within the width the order is reversed: pass all `w` columns of a digit before the next.",
)
def digits_run_fast(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b1 h) (w b2)", b1=2)


@mistake(
    "puzzle_2",
    zh="这是三行两列；要的是两行，每行三个。",
    en="Those are three rows of two; two rows of three are wanted.",
)
def two_columns(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b2 h) (b1 w)", b1=2)


@mistake(
    "puzzle_2",
    zh="高度里的次序反了：先走完一个数字的 `h` 行，再换下一排。",
    en="Within the height the order is reversed: pass all `h` rows of a digit before the next row of digits.",
)
def rows_run_fast(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (h b1) (b2 w)", b1=2)


@mistake(
    "puzzle_2",
    zh="六个数字都摞在了一起：要把 `b` 拆成行和列。",
    en="All six are piled up: split `b` into rows and columns.",
)
def one_below_the_other(digits):
    return einops.rearrange(digits, "b c h w -> c (b h) w")


@mistake(
    "puzzle_2",
    zh="两行对调了：第一行是 0、1、2。",
    en="The two rows have changed places: 0, 1, 2 come first.",
)
def second_row_first(digits):
    return einops.rearrange(digits.roll(3, dims=0), "(b1 b2) c h w -> c (b1 h) (b2 w)", b1=2)


@mistake(
    "puzzle_3",
    zh="你按行读：0 的右边是 1；这里 1 在 0 的下面。",
    en="You read by rows, with 1 to the right of 0; here 1 stands below 0.",
)
def read_as_a_page(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b1 h) (b2 w)", b2=2)


@mistake(
    "puzzle_3",
    zh="这是谜题 2：两行三列；现在要三行两列。",
    en="That is puzzle 2, two rows of three; now there are three rows of two.",
)
def two_rows(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b1 h) (b2 w)", b1=2)


@mistake(
    "puzzle_3",
    zh="高度里的次序反了：先走完一个数字的 `h` 行，再换下一个。",
    en="Within the height the order is reversed: pass all `h` rows of a digit before the next.",
)
def rows_interleaved(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (h b2) (b1 w)", b1=2)


@mistake(
    "puzzle_3",
    zh="只有一列：要把 `b` 拆成两个轴。",
    en="There is one column only: split `b` into two axes.",
)
def all_in_one_column(digits):
    return einops.rearrange(digits, "b c h w -> c (b h) w")


@mistake(
    "puzzle_3",
    zh="这是谜题 1：要把 `b` 拆成两个轴。",
    en="That is puzzle 1: split `b` into two axes.",
)
def all_in_one_row_3(digits):
    return einops.rearrange(digits, "b c h w -> c h (b w)")


@mistake(
    "puzzle_3",
    zh="宽度里的次序反了：先走完一个数字的 `w` 列，再换右边一列数字。",
    en="Within the width the order is reversed: pass all `w` columns of a digit before the right-hand digits.",
)
def columns_woven(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b2 h) (w b1)", b1=2)


@mistake(
    "puzzle_3",
    zh="从上往下读是对的，但你得到三列，每列两个；要两列，每列三个。",
    en="You read downwards, which is right, but in three columns of two; it should be two columns of three.",
)
def three_columns(digits):
    return einops.rearrange(digits, "(b1 b2) c h w -> c (b2 h) (b1 w)", b2=2)


@mistake(
    "puzzle_4",
    zh="你把整幅图上下摆了两份；应当让每一行像素紧接着再出现一次。",
    en="You put the whole picture twice, one below the other; each row of pixels should come again at once.",
)
def tiled_downwards(digits):
    return einops.repeat(digits[0], "c h w -> c (2 h) (3 w)")


@mistake(
    "puzzle_4",
    zh="横向你把每个像素拉宽了三倍；应当是整幅图重复三次。",
    en="Across you stretched each pixel three times; the whole picture should be repeated.",
)
def stretched_across(digits):
    return einops.repeat(digits[0], "c h w -> c (h 2) (w 3)")


@mistake(
    "puzzle_4",
    zh="两个倍数对调了：高度是 2 倍，宽度是 3 倍。",
    en="The two factors have changed places: twice the height, three times the width.",
)
def factors_swapped(digits):
    return einops.repeat(digits[0], "c h w -> c (h 3) (2 w)")


@mistake(
    "puzzle_4",
    zh="用的是 `digits[0]`，也就是第一个数字。",
    en="It is the first digit, `digits[0]`.",
)
def last_digit(digits):
    return einops.repeat(digits[-1], "c h w -> c (h 2) (3 w)")


@mistake(
    "puzzle_4",
    zh="高度没有变：每一行像素要出现两次。",
    en="The height hasn't changed: each row of pixels comes twice.",
)
def not_taller(digits):
    return einops.repeat(digits[0], "c h w -> c h (3 w)")


@mistake(
    "puzzle_4",
    zh="横向只有一份：整幅图要重复三次。",
    en="Across there is only one: the whole picture comes three times.",
)
def once_only(digits):
    return einops.repeat(digits[0], "c h w -> c (h 2) w")


@mistake(
    "puzzle_4",
    zh="两个数都写在了错的一边：高度里 `2` 变得快，宽度里 `3` 变得慢。",
    en="Both numbers stand on the wrong side: in the height the `2` runs fast, in the width the `3` runs slowly.",
)
def both_the_wrong_side(digits):
    return einops.repeat(digits[0], "c h w -> c (2 h) (w 3)")


@mistake(
    "puzzle_4",
    zh="这是三个不同的数字；要的是第一个数字出现三次。",
    en="Those are three different digits; the first one should come three times.",
)
def three_digits(digits):
    return einops.rearrange(digits[:3].repeat_interleave(2, dim=2), "b c h w -> c h (b w)")


@mistake(
    "puzzle_5",
    zh="取平均会让每个数字都变淡；要的是最小的那个值。",
    en="The mean makes every digit pale; the smallest value is wanted.",
)
def averaged(digits):
    return einops.reduce(digits, "b c h w -> c h w", "mean")


@mistake(
    "puzzle_5",
    zh="白是 1，最大值留下的几乎全是白：要最小值。",
    en="White is 1, so the maximum leaves little but white: take the minimum.",
)
def brightest(digits):
    return einops.reduce(digits, "b c h w -> c h w", "max")


@mistake(
    "puzzle_5",
    zh="被归约掉的是 `b`，不是 `c`：颜色要留下。",
    en="It is `b` that is reduced, not `c`: the colours stay.",
)
def without_channels(digits):
    return einops.reduce(digits, "b c h w -> b h w", "min")


@mistake(
    "puzzle_5",
    zh="这是乘积，会比最暗的还暗：要最小值。",
    en="That is the product, which is darker than the darkest: take the smallest value.",
)
def multiplied(digits):
    return digits.prod(dim=0)


@mistake(
    "puzzle_5",
    zh="只有第一个数字：六个都要叠上去。",
    en="That is the first digit alone: lay all six on each other.",
)
def first_only(digits):
    return digits[0]


@mistake(
    "puzzle_5",
    zh="颜色也被归约了：`c` 要留在右边。",
    en="The colour is reduced as well: keep `c` on the right.",
)
def grey(digits):
    return einops.reduce(digits, "b c h w -> h w", "min")


@mistake(
    "puzzle_5",
    zh="右边多了一个长度为 1 的轴：结果只有 `c h w`。",
    en="There is one axis of length 1 too many on the right: the result has `c h w` only.",
)
def batch_kept(digits):
    return einops.reduce(digits, "b c h w -> 1 c h w", "min")


@mistake(
    "puzzle_6",
    zh="三个通道加起来会超过 1：要平均。",
    en="Three channels add up to more than 1: take their mean.",
)
def summed(digits):
    return einops.reduce(digits, "b c h w -> h (b w)", "sum")


@mistake(
    "puzzle_6",
    zh="只取红色通道不等于去掉颜色：要三个通道的平均。",
    en="The red channel alone is not the picture without colour: take the mean of the three.",
)
def first_channel(digits):
    return einops.rearrange(digits[:, 0], "b h w -> h (b w)")


@mistake(
    "puzzle_6",
    zh="结果只有两个轴：右边不要留下长度为 1 的通道轴。",
    en="The result has two axes: leave no channel axis of length 1 on the right.",
)
def one_channel_kept(digits):
    return einops.reduce(digits, "b c h w -> 1 h (b w)", "mean")


@mistake(
    "puzzle_6",
    zh="你对数字取了平均，把颜色排成了一行；应当反过来。",
    en="You averaged the digits and lined up the colours; it is the other way round.",
)
def digits_averaged(digits):
    return einops.reduce(digits, "b c h w -> h (c w)", "mean")


@mistake(
    "puzzle_6",
    zh="你取了最小的通道：要三个通道的平均。",
    en="You took the smallest channel: take the mean of the three.",
)
def darkest_channel(digits):
    return einops.reduce(digits, "b c h w -> h (b w)", "min")


@mistake(
    "puzzle_6",
    zh="你取了最大的通道：要三个通道的平均。",
    en="You took the largest channel: take the mean of the three.",
)
def brightest_channel(digits):
    return einops.reduce(digits, "b c h w -> h (b w)", "max")


@mistake(
    "puzzle_6",
    zh="你把它们上下摞起来了：`b` 应当并进宽度。",
    en="You piled them up: `b` belongs to the width.",
)
def stacked_grey(digits):
    return einops.reduce(digits, "b c h w -> (b h) w", "mean")


@mistake(
    "puzzle_6",
    zh="括号里的次序反了：先走完一个数字的 `w` 列。",
    en="The order in the brackets is reversed: pass all `w` columns of a digit first.",
)
def woven_grey(digits):
    return einops.reduce(digits, "b c h w -> h (w b)", "mean")


@mistake(
    "puzzle_7",
    zh="这是谜题 1：每个数字自己的行和列还没有对调。",
    en="That is puzzle 1: within each digit, rows and columns have not changed places yet.",
)
def upright(digits):
    return einops.rearrange(digits, "b c h w -> c h (b w)")


@mistake(
    "puzzle_7",
    zh="你把它们摞起来了：现在的高度只是 `w`，`b` 要并进宽度。",
    en="You piled them up: the height is `w` alone now, and `b` goes into the width.",
)
def mirrored_as_a_whole(digits):
    return einops.rearrange(digits, "b c h w -> c (b w) h")


@mistake(
    "puzzle_7",
    zh="宽度里的次序反了：同一个数字的 `h` 要连在一起。",
    en="Within the width the order is reversed: the `h` of one digit belong together.",
)
def rows_woven(digits):
    return einops.rearrange(digits, "b c h w -> c w (h b)")


@mistake(
    "puzzle_7",
    zh="这是转了 90 度：沿对角线翻转只对调行和列，不再倒过来。",
    en="That is a turn by 90 degrees: to mirror in the diagonal, rows and columns change places, and nothing is reversed.",
)
def turned(digits):
    return einops.rearrange(digits.flip(2), "b c h w -> c w (b h)")


@mistake(
    "puzzle_7",
    zh="这是左右翻转；沿对角线翻转是行和列对调。",
    en="That mirrors left and right; in the diagonal, rows and columns change places.",
)
def left_and_right(digits):
    return einops.rearrange(digits.flip(3), "b c h w -> c h (b w)")


@mistake(
    "puzzle_7",
    zh="`b` 并进了高度：它要并进宽度。",
    en="`b` has gone into the height: it belongs to the width.",
)
def stacked_7(digits):
    return einops.rearrange(digits, "b c h w -> c (w b) h")


@mistake(
    "puzzle_8",
    zh="你只取了每块左上角的像素；要四个像素的平均。",
    en="You took the upper left pixel of each block; the mean of all four is wanted.",
)
def every_other_pixel(digits):
    return einops.rearrange(digits[..., ::2, ::2], "b c h w -> c h (b w)")


@mistake(
    "puzzle_8",
    zh="被你平均的是相距半幅图的像素：块内的轴应当变得快，写在后面。",
    en="You averaged pixels half a picture apart: the axis within a block runs fast, and comes last.",
)
def far_pixels(digits):
    return einops.reduce(digits, "b c (two h) (too w) -> c h (b w)", "mean", two=2, too=2)


@mistake(
    "puzzle_8",
    zh="这是最大池化；这里要平均。",
    en="That is max pooling; here it is the mean.",
)
def maximum(digits):
    return einops.reduce(digits, "b c (h two) (w too) -> c h (b w)", "max", two=2, too=2)


@mistake(
    "puzzle_8",
    zh="宽度也要减半：两个方向都拆。",
    en="The width is halved as well: split both ways.",
)
def height_only(digits):
    return einops.reduce(digits, "b c (h two) w -> c h (b w)", "mean", two=2)


@mistake(
    "puzzle_8",
    zh="这是四个像素的和：要平均。",
    en="That is the sum of four pixels: take their mean.",
)
def sum_of_four(digits):
    return einops.reduce(digits, "b c (h two) (w too) -> c h (b w)", "sum", two=2, too=2)


@mistake(
    "puzzle_8",
    zh="高度也要减半：两个方向都拆。",
    en="The height is halved as well: split both ways.",
)
def width_only(digits):
    return einops.reduce(digits, "b c h (w two) -> c h (b w)", "mean", two=2)


@mistake(
    "puzzle_8",
    zh="你把它们上下摞起来了：`b` 应当并进宽度。",
    en="You piled them up: `b` belongs to the width.",
)
def stacked_8(digits):
    return einops.reduce(digits, "b c (h two) (w too) -> c (b h) w", "mean", two=2, too=2)


@mistake(
    "puzzle_8",
    zh="颜色也被平均了：`c` 要留在右边。",
    en="The colours are averaged as well: keep `c` on the right.",
)
def grey_too(digits):
    return einops.reduce(digits, "b c (h two) (w too) -> h (b w)", "mean", two=2, too=2)


@mistake(
    "puzzle_9",
    zh="这是谜题 1：现在每走一列就换一个数字，`b` 变得快。",
    en="That is puzzle 1: now the digit changes with each column, so `b` runs fast.",
)
def side_by_side(digits):
    return einops.rearrange(digits, "b c h w -> c h (b w)")


@mistake(
    "puzzle_9",
    zh="你编织的是行；这里交错的是列。",
    en="You wove the rows; here the columns alternate.",
)
def rows_woven_9(digits):
    return einops.rearrange(digits, "b c h w -> c (h b) w")


@mistake(
    "puzzle_9",
    zh="`reshape` 按内存的次序往下读：轴的次序没有换过。",
    en="`reshape` reads on in memory's order: the axes were never moved.",
)
def by_memory(digits):
    return digits.reshape(digits.shape[1], digits.shape[2], -1)


@mistake(
    "puzzle_9",
    zh="你把它们上下摞起来了：交错的是列，`b` 在宽度里。",
    en="You piled them up: the columns alternate, and `b` is in the width.",
)
def all_rows(digits):
    return einops.rearrange(digits, "b c h w -> c (b h) w")


@mistake(
    "puzzle_9",
    zh="数字的次序倒过来了：每一组列从数字 0 开始。",
    en="The digits come in reverse order: each group of columns begins with digit 0.",
)
def last_digit_first(digits):
    return einops.rearrange(digits.flip(0), "b c h w -> c h (w b)")


@mistake(
    "puzzle_9",
    zh="交错的是颜色；要的是数字的列，`c` 留在最前面。",
    en="The colours alternate; it should be the digits' columns, and `c` stays in front.",
)
def colours_woven(digits):
    return einops.rearrange(digits, "b c h w -> b h (w c)")


@mistake(
    "puzzle_10",
    zh="每个数字的上下两半排在了一起；应当先排完所有上半身。",
    en="Each digit's halves stand together; all upper halves should come first.",
)
def halves_of_each(digits):
    return einops.rearrange(digits, "b c (half h) w -> c h (b half w)", half=2)


@mistake(
    "puzzle_10",
    zh="你按奇数行和偶数行分开了：上下两半的那个轴变得慢，写在前面。",
    en="You parted odd rows from even ones: the axis of the halves runs slowly, and comes first.",
)
def odd_and_even(digits):
    return einops.rearrange(digits, "b c (h half) w -> c h (half b w)", half=2)


@mistake(
    "puzzle_10",
    zh="还没有切开：高度应当只剩一半。",
    en="Nothing is cut yet: only half of the height should remain.",
)
def below_each_other(digits):
    return einops.rearrange(digits, "b c h w -> c h (b w)")


@mistake(
    "puzzle_10",
    zh="上半身在前，下半身在后。",
    en="The upper halves come first, then the lower ones.",
)
def lower_first(digits):
    return einops.rearrange(digits.roll(digits.shape[2] // 2, dims=2), "b c (half h) w -> c h (half b w)", half=2)


@mistake(
    "puzzle_10",
    zh="你切成了左右两半：要拦腰切开高度。",
    en="You cut into left and right halves: it is the height that is cut.",
)
def halves_by_width(digits):
    return einops.rearrange(digits, "b c h (half w) -> c h (half b w)", half=2)


@mistake(
    "puzzle_10",
    zh="宽度里最快的是列 `w`，它写在最后。",
    en="In the width the column `w` runs fastest, and comes last.",
)
def columns_run_slowly(digits):
    return einops.rearrange(digits, "b c (half h) w -> c h (half w b)", half=2)


@mistake(
    "puzzle_10",
    zh="下半身不见了：它们排在所有上半身的后面。",
    en="The lower halves are gone: they come after all the upper ones.",
)
def upper_only(digits):
    return einops.rearrange(digits[:, :, : digits.shape[2] // 2], "b c h w -> c h (b w)")


@mistake(
    "puzzle_10",
    zh="两半还叠在高度里：`half` 要并进宽度。",
    en="Both halves are still in the height: `half` belongs to the width.",
)
def side_by_side_below(digits):
    return einops.rearrange(digits, "b c (half h) w -> c (h half) (b w)", half=2)


@mistake(
    "rearrange_1",
    zh="数字从 3 开始。",
    en="The numbers begin at 3.",
)
def from_one():
    return torch.arange(1.0, 7).reshape(3, 2)


@mistake(
    "rearrange_1",
    zh="你先填满了一列；应当先填满一行：3 的右边是 4。",
    en="You filled a column first; a row is filled first: 4 is to the right of 3.",
)
def columns_first():
    return torch.arange(3.0, 9).reshape(2, 3).T


@mistake(
    "rearrange_1",
    zh="`torch.arange(3, 9)` 是整数：写 `3.0`，得到浮点数。",
    en="`torch.arange(3, 9)` holds integers: write `3.0` to get floats.",
)
def integers():
    return torch.arange(3, 9).reshape(3, 2)


@mistake(
    "rearrange_1",
    zh="你得到两行三列；要三行两列。",
    en="You have two rows of three; it should be three rows of two.",
)
def two_rows_of_three():
    return torch.arange(3.0, 9).reshape(2, 3)


@mistake(
    "rearrange_1",
    zh="这是 float64：要 float32。",
    en="This is float64: float32 is wanted.",
)
def in_float64():
    return einops.rearrange(torch.arange(3, 9, dtype=torch.float64), "(r c) -> r c", r=3)


@mistake(
    "rearrange_1",
    zh="值是对的，但既没有用 `torch.arange`，也没有用 `einops.rearrange`。",
    en="The values are right, but neither `torch.arange` nor `einops.rearrange` is used.",
)
def typed_out():
    return torch.tensor([[3.0, 4], [5, 6], [7, 8]])


@mistake(
    "rearrange_1",
    zh="值是对的，但形状不是 einops 换的：这里要练的是 `einops.rearrange`。",
    en="The values are right, but the shape isn't made by einops: this is about `einops.rearrange`.",
)
def by_reshape():
    return torch.arange(3.0, 9).reshape(3, 2)


@mistake(
    "rearrange_1",
    zh="形状换对了，但数字是一个个写出来的：用 `torch.arange` 造。",
    en="The shape is made as it should be, but the numbers are typed: make them by `torch.arange`.",
)
def numbers_typed():
    return einops.rearrange(torch.tensor([3.0, 4, 5, 6, 7, 8]), "(rows columns) -> rows columns", rows=3)


@mistake(
    "rearrange_2",
    zh="`arange` 默认从 0 开始；这里从 1 开始。",
    en="`arange` begins at 0 by default; here it begins at 1.",
)
def from_zero():
    return torch.arange(0.0, 6).reshape(2, 3)


@mistake(
    "rearrange_2",
    zh="你先填满了一列：写在前面的轴变得慢，它是行。",
    en="You filled a column first: the axis written first runs slowly, and it is the row.",
)
def columns_first_2():
    return torch.arange(1.0, 7).reshape(3, 2).T


@mistake(
    "rearrange_2",
    zh="这是整数：起点写成 `1.0`。",
    en="These are integers: begin at `1.0`.",
)
def integers_2():
    return torch.arange(1, 7).reshape(2, 3)


@mistake(
    "rearrange_2",
    zh="你得到三行两列；要两行三列。",
    en="You have three rows of two; it should be two rows of three.",
)
def three_rows_2():
    return torch.arange(1.0, 7).reshape(3, 2)


@mistake(
    "rearrange_2",
    zh="这是 float64：要 float32。",
    en="This is float64: float32 is wanted.",
)
def in_float64_2():
    return einops.rearrange(torch.arange(1, 7, dtype=torch.float64), "(r c) -> r c", r=2)


@mistake(
    "rearrange_2",
    zh="值是对的，但既没有用 `torch.arange`，也没有用 `einops.rearrange`。",
    en="The values are right, but neither `torch.arange` nor `einops.rearrange` is used.",
)
def typed_out_2():
    return torch.tensor([[1.0, 2, 3], [4, 5, 6]])


@mistake(
    "rearrange_2",
    zh="值是对的，但形状不是 einops 换的：这里要练的是 `einops.rearrange`。",
    en="The values are right, but the shape isn't made by einops: this is about `einops.rearrange`.",
)
def by_reshape_2():
    return torch.arange(1.0, 7).reshape(2, 3)


@mistake(
    "rearrange_2",
    zh="形状换对了，但数字是一个个写出来的：用 `torch.arange` 造。",
    en="The shape is made as it should be, but the numbers are typed: make them by `torch.arange`.",
)
def numbers_typed_2():
    return einops.rearrange(torch.tensor([1.0, 2, 3, 4, 5, 6]), "(rows columns) -> rows columns", rows=2)


@mistake(
    "temperatures_average",
    zh="你平均了所有的星期一、所有的星期二……；应当平均同一周的 7 天。",
    en="You averaged all Mondays, all Tuesdays and so on; average the 7 days of one week.",
)
def weekdays(temps):
    return einops.reduce(temps, "(weeks days) -> days", "mean", days=7)


@mistake(
    "temperatures_average",
    zh="同一周的 7 天是连着的，变得快：写 `(weeks 7)`。",
    en="The 7 days of a week are neighbours and run fast: `(weeks 7)`.",
)
def every_other_day(temps):
    return einops.reduce(temps, "(days weeks) -> weeks", "mean", days=7)


@mistake(
    "temperatures_average",
    zh="这是总和，还要除以 7。",
    en="That is the sum: divide by 7.",
)
def summed_weeks(temps):
    return einops.reduce(temps, "(weeks days) -> weeks", "sum", days=7)


@mistake(
    "temperatures_average",
    zh="多出来的几天被悄悄丢掉了：凑不成整周，应当报错。",
    en="The days left over are dropped in silence: if they make no whole week, that is an error.",
)
def incomplete_week(temps):
    return einops.reduce(temps[: len(temps) // 7 * 7], "(weeks days) -> weeks", "mean", days=7)


@mistake(
    "temperatures_average",
    zh="这是中位数：要平均值。",
    en="That is the median: the mean is wanted.",
)
def median(temps):
    return temps.unflatten(0, (-1, 7)).median(dim=1).values


@mistake(
    "temperatures_average",
    zh="你平均了全部天数：每一周各有自己的平均。",
    en="You averaged all days: each week has a mean of its own.",
)
def of_all_days(temps):
    return temps.mean().expand(len(temps) // 7)


@mistake(
    "temperatures_average",
    zh="你取了每周的第一天：要 7 天的平均。",
    en="You took the first day of each week: take the mean of its 7 days.",
)
def first_days(temps):
    return temps.unflatten(0, (-1, 7))[:, 0]


@mistake(
    "temperatures_average",
    zh="每周只要一个数：右边不要留长度为 1 的轴。",
    en="One number per week: leave no axis of length 1 on the right.",
)
def axis_kept(temps):
    return einops.reduce(temps, "(weeks days) -> weeks 1", "mean", days=7)


@mistake(
    "temperatures_average",
    zh="最后几天凑不成整周，却也被当作一周：应当报错。",
    en="The last days make no whole week, and still count as one: that is an error.",
)
def last_week_shorter(temps):
    return torch.stack([week.mean() for week in temps.split(7)])


@mistake(
    "temperatures_differences",
    zh="你减去了全部天数的平均；要减的是本周的平均。",
    en="You took away the average of all days; take that of the week.",
)
def from_the_whole_average(temps):
    return temps - temps.mean()


@mistake(
    "temperatures_differences",
    zh="各周的平均被轮流减去：同一周的要连续出现 7 次。",
    en="The averages are taken in turn: each must come 7 times in a row.",
)
def weeks_in_turn(temps):
    return temps - einops.repeat(temps.unflatten(0, (-1, 7)).mean(1), "weeks -> (days weeks)", days=7)


@mistake(
    "temperatures_differences",
    zh="符号反了：是这一天减去平均。",
    en="The sign is reversed: it is the day minus the average.",
)
def wrong_sign(temps):
    return -solutions.temperatures_differences(temps)


@mistake(
    "temperatures_differences",
    zh="这是每天对应的平均，还没有相减。",
    en="Those are the averages, one per day, and nothing is subtracted yet.",
)
def averages_only(temps):
    return temps - solutions.temperatures_differences(temps)


@mistake(
    "temperatures_differences",
    zh="你减去了同一星期几的平均：要减的是本周的平均。",
    en="You subtracted the mean of the same weekday: subtract that of the week.",
)
def weekday_averages(temps):
    return temps - temps.unflatten(0, (-1, 7)).mean(dim=0).repeat(len(temps) // 7)


@mistake(
    "temperatures_differences",
    zh="符号丢了：低于平均的日子是负数。",
    en="The sign is lost: days below the average are negative.",
)
def without_sign(temps):
    return solutions.temperatures_differences(temps).abs()


@mistake(
    "temperatures_differences",
    zh="还是一张表：结果要每天一个数，合回一个轴。",
    en="It is still a table: one number per day, so join the axes again.",
)
def still_a_table(temps):
    return solutions.temperatures_differences(temps).unflatten(0, (-1, 7))


@mistake(
    "temperatures_differences",
    zh="你减去了每周的第一天：要减的是 7 天的平均。",
    en="You subtracted the first day of each week: subtract the mean of its 7 days.",
)
def from_the_first_day(temps):
    return temps - temps.unflatten(0, (-1, 7))[:, 0].repeat_interleave(7)


@mistake(
    "temperatures_differences",
    zh="你减去了一周的总和：还要除以 7。",
    en="You subtracted the week's sum: divide it by 7.",
)
def sums_subtracted(temps):
    return temps - temps.unflatten(0, (-1, 7)).sum(dim=1).repeat_interleave(7)


@mistake(
    "temperatures_normalized",
    zh="你除以了 7：无偏的标准差除以 6。",
    en="You divided by 7: the unbiased deviation divides by 6.",
)
def biased(temps):
    return solutions.temperatures_normalized(temps) * (7 / 6) ** 0.5


@mistake(
    "temperatures_normalized",
    zh="你除以了方差：还要开平方。",
    en="You divided by the variance: take its square root.",
)
def by_the_variance(temps):
    return solutions.temperatures_normalized(temps) / einops.repeat(temps.unflatten(0, (-1, 7)).std(1), "w -> (w 7)")


@mistake(
    "temperatures_normalized",
    zh="标准差也要是本周的，不是全部天数的。",
    en="The deviation is the week's own, too, not that of all days.",
)
def whole_deviation(temps):
    return solutions.temperatures_differences(temps) / temps.std()


@mistake(
    "temperatures_normalized",
    zh="只做了除法：先要减去本周的平均。",
    en="You only divided: take away the week's average first.",
)
def not_centred(temps):
    return temps / einops.repeat(temps.unflatten(0, (-1, 7)).std(1), "w -> (w 7)")


@mistake(
    "temperatures_normalized",
    zh="平均和标准差都取自全部天数：每一周用自己的。",
    en="Mean and deviation are those of all days: each week uses its own.",
)
def all_days_together(temps):
    return (temps - temps.mean()) / temps.std()


@mistake(
    "temperatures_normalized",
    zh="各周的标准差被轮流使用：同一周的要连续出现 7 次。",
    en="The deviations are taken in turn: each must come 7 times in a row.",
)
def deviations_in_turn(temps):
    return solutions.temperatures_differences(temps) / temps.unflatten(0, (-1, 7)).std(1).repeat(7)


@mistake(
    "temperatures_normalized",
    zh="只减去了平均：还要除以那一周的标准差。",
    en="The mean is subtracted only: divide by the week's deviation as well.",
)
def not_divided(temps):
    return solutions.temperatures_differences(temps)


@mistake(
    "temperatures_normalized",
    zh="你乘以了标准差：要除以它。",
    en="You multiplied by the deviation: divide by it.",
)
def multiplied_by_it(temps):
    return solutions.temperatures_differences(temps) * temps.unflatten(0, (-1, 7)).std(1).repeat_interleave(7)


@mistake(
    "temperatures_normalized",
    zh="平方的平均减去平均的平方：离 0 很远时，两个相近的大数相减，有效数字就没了；先减去平均再平方。",
    en="The mean of the squares minus the square of the mean: far from 0 two large, nearly equal numbers are subtracted and the digits are gone; subtract the mean first, then square.",
)
def square_of_the_mean(temps):
    return solutions.temperatures_differences(temps) / (
        (temps**2).unflatten(0, (-1, 7)).mean(1) - solutions.temperatures_average(temps) ** 2
    ).mul(7 / 6).sqrt().repeat_interleave(7)


@mistake(
    "temperatures_normalized",
    zh="还是一张表：结果要每天一个数，合回一个轴。",
    en="It is still a table: one number per day, so join the axes again.",
)
def still_a_table_n(temps):
    return solutions.temperatures_normalized(temps).unflatten(0, (-1, 7))


@mistake(
    "einsum_trace",
    zh="`i j` 是两个名字，于是所有元素都加起来了：对角线是同一个名字写两次。",
    en="`i j` are two names, so all elements are summed: the diagonal is one name written twice.",
)
def whole_sum(matrix):
    return einops.einsum(matrix, "i j ->")


@mistake(
    "einsum_trace",
    zh="这是对角线本身：右边留下 `i`，它就不被求和。",
    en="That is the diagonal itself: leave `i` on the right and it isn't summed.",
)
def diagonal_kept(matrix):
    return einops.einsum(matrix, "i i -> i")


@mistake(
    "einsum_trace",
    zh="值是对的，但这一节要用 `einops.einsum` 把它写出来，别的计算都不用。",
    en="The value is right, but this section wants it written by `einops.einsum`, and nothing else computes.",
)
def by_torch_trace(matrix):
    return torch.trace(matrix)


@mistake(
    "einsum_trace",
    zh="矩阵给了两次，加起来的是对角线的平方：给一次就够。",
    en="With the matrix given twice, squares of the diagonal are added: give it once.",
)
def squares(matrix):
    return einops.einsum(matrix, matrix, "i i, i i ->")


@mistake(
    "einsum_trace",
    zh="这是每一行的和：对角线是同一个名字写两次。",
    en="Those are the sums of the rows: the diagonal is one name written twice.",
)
def row_sums(matrix):
    return einops.einsum(matrix, "i j -> i")


@mistake(
    "einsum_trace",
    zh="用了 `einops.einsum`，却还算了别的：箭头右边什么都不写，它自己就求和了。",
    en="`einops.einsum` is used, but something else computes as well: with nothing to the right of the arrow it sums by itself.",
)
def summed_afterwards(matrix):
    return einops.einsum(matrix, "i i -> i").sum()


@mistake(
    "einsum_trace",
    zh="这是 `torch.einsum`，轴只有单个字母：这里用 `einops.einsum`。",
    en="That is `torch.einsum`, whose axes are single letters: use `einops.einsum` here.",
)
def by_torch_einsum(matrix):
    return torch.einsum("ii", matrix)


@mistake(
    "einsum_mv",
    zh="这是 `matrix.T @ vector`：与向量对齐的是矩阵的第二个轴。",
    en="That is `matrix.T @ vector`: the vector is lined up with the matrix's second axis.",
)
def transposed_mv(matrix, vector):
    return einops.einsum(matrix, vector, "n m, n -> m")


@mistake(
    "einsum_mv",
    zh="乘过了，还没有求和：右边不要留 `m`。",
    en="It is multiplied, not summed: leave no `m` on the right.",
)
def not_summed_mv(matrix, vector):
    return einops.einsum(matrix, vector, "n m, m -> n m")


@mistake(
    "einsum_mv",
    zh="值是对的，但这一节要用 `einops.einsum` 把它写出来，别的计算都不用。",
    en="The value is right, but this section wants it written by `einops.einsum`, and nothing else computes.",
)
def by_matmul_sign(matrix, vector):
    return matrix @ vector


@mistake(
    "einsum_mv",
    zh="全都加起来了：`n` 要留在右边。",
    en="Everything is summed: keep `n` on the right.",
)
def all_summed_mv(matrix, vector):
    return einops.einsum(matrix, vector, "n m, m ->")


@mistake(
    "einsum_mv",
    zh="向量的轴另起了名字，就不再对齐，而是各自求和：叫它 `m`。",
    en="With a name of its own the vector's axis isn't lined up but summed by itself: call it `m`.",
)
def vector_named_apart(matrix, vector):
    return einops.einsum(matrix, vector, "n m, k -> n")


@mistake(
    "einsum_mv",
    zh="这是 `torch.einsum`，轴只有单个字母：这里用 `einops.einsum`。",
    en="That is `torch.einsum`, whose axes are single letters: use `einops.einsum` here.",
)
def by_torch_einsum_mv(matrix, vector):
    return torch.einsum("nm,m->n", matrix, vector)


@mistake(
    "einsum_mv",
    zh="结果是一列，多了一个轴：向量只有一个轴。",
    en="The result is a column with an axis too many: a vector has one axis.",
)
def as_a_column(matrix, vector):
    return einops.einsum(matrix, vector[:, None], "n m, m one -> n one")


@mistake(
    "einsum_mm",
    zh="这是 `A @ B.T`：`A` 的列要与 `B` 的行同名。",
    en="That is `A @ B.T`: the columns of `A` must share their name with the rows of `B`.",
)
def rows_with_rows(A, B):
    return einops.einsum(A, B, "n m, p m -> n p")


@mistake(
    "einsum_mm",
    zh="结果转置了：右边先写行 `n`。",
    en="The result is transposed: write the rows `n` first.",
)
def transposed_result(A, B):
    return einops.einsum(A, B, "n m, m p -> p n")


@mistake(
    "einsum_mm",
    zh="这是逐项相乘，不是矩阵乘法。",
    en="That multiplies term by term; it is no matrix product.",
)
def term_by_term(A, B):
    return einops.einsum(A, B, "n m, n m -> n m")


@mistake(
    "einsum_mm",
    zh="值是对的，但这一节要用 `einops.einsum` 把它写出来，别的计算都不用。",
    en="The value is right, but this section wants it written by `einops.einsum`, and nothing else computes.",
)
def by_at_sign(A, B):
    return A @ B


@mistake(
    "einsum_mm",
    zh="这是 `A.T @ B`：`A` 先写行 `n`，再写列 `m`。",
    en="That is `A.T @ B`: for `A` write the rows `n` first, then the columns `m`.",
)
def columns_with_columns(A, B):
    return einops.einsum(A, B, "m n, m p -> n p")


@mistake(
    "einsum_mm",
    zh="`m` 和 `k` 是两个名字，没有对齐，各自求和：两处都叫 `m`。",
    en="`m` and `k` are two names, not lined up but summed apart: call both `m`.",
)
def named_apart(A, B):
    return einops.einsum(A, B, "n m, k p -> n p")


@mistake(
    "einsum_mm",
    zh="乘过了，还没有求和：右边不要留 `m`。",
    en="It is multiplied, not summed: leave no `m` on the right.",
)
def not_summed_mm(A, B):
    return einops.einsum(A, B, "n m, m p -> n m p")


@mistake(
    "einsum_mm",
    zh="这是 `torch.einsum`，轴只有单个字母：这里用 `einops.einsum`。",
    en="That is `torch.einsum`, whose axes are single letters: use `einops.einsum` here.",
)
def by_torch_einsum_mm(A, B):
    return torch.einsum("nm,mp->np", A, B)


@mistake(
    "einsum_inner",
    zh="乘过了，还没有求和：箭头右边应当是空的。",
    en="It is multiplied, not summed: nothing should stand to the right of the arrow.",
)
def not_summed_inner(x, y):
    return einops.einsum(x, y, "n, n -> n")


@mistake(
    "einsum_inner",
    zh="不同的名字会让每一对都相乘，再全部加起来：两个轴要同名。",
    en="Two names multiply every pair, and sum them all: both axes need one name.",
)
def all_pairs(x, y):
    return einops.einsum(x, y, "n, m ->")


@mistake(
    "einsum_inner",
    zh="值是对的，但这一节要用 `einops.einsum` 把它写出来，别的计算都不用。",
    en="The value is right, but this section wants it written by `einops.einsum`, and nothing else computes.",
)
def by_product_and_sum(x, y):
    return (x * y).sum()


@mistake(
    "einsum_inner",
    zh="`y` 没有用上：这是 `x` 与自己的内积。",
    en="`y` isn't used: that is the inner product of `x` with itself.",
)
def squared_length(x, y):
    return einops.einsum(x, x, "n, n ->")


@mistake(
    "einsum_inner",
    zh="结果是 1×1 的矩阵：要的是一个数，没有轴。",
    en="The result is a 1×1 matrix: a number is wanted, with no axes.",
)
def as_one_element(x, y):
    return einops.einsum(x[None], y[:, None], "one n, n other -> one other")


@mistake(
    "einsum_outer",
    zh="结果转置了：`x` 走行，`y` 走列。",
    en="The result is transposed: `x` runs along rows, `y` along columns.",
)
def transposed_outer(x, y):
    return einops.einsum(x, y, "n, m -> m n")


@mistake(
    "einsum_outer",
    zh="同名的轴会对齐：这里每一对都要，得用两个名字。",
    en="Axes of one name are lined up: here every pair is wanted, so use two names.",
)
def same_name_outer(x, y):
    return einops.einsum(x, y, "n, n -> n")


@mistake(
    "einsum_outer",
    zh="值是对的，但这一节要用 `einops.einsum` 把它写出来，别的计算都不用。",
    en="The value is right, but this section wants it written by `einops.einsum`, and nothing else computes.",
)
def by_torch_outer(x, y):
    return torch.outer(x, y)


@mistake(
    "einsum_outer",
    zh="两个轴被合成了一个：结果是矩阵。",
    en="Both axes are joined into one: the result is a matrix.",
)
def flattened(x, y):
    return einops.einsum(x, y, "n, m -> n m").flatten()


@mistake(
    "einsum_outer",
    zh="全都加起来了：`n` 和 `m` 都要留在右边。",
    en="Everything is summed: keep both `n` and `m` on the right.",
)
def all_summed_outer(x, y):
    return einops.einsum(x, y, "n, m ->")


@mistake(
    "einsum_outer",
    zh="`m` 被求和了：它也要留在右边。",
    en="`m` is summed: keep it on the right as well.",
)
def rows_summed(x, y):
    return einops.einsum(x, y, "n, m -> n")


@mistake(
    "einsum_attention_scores",
    zh="键的轴也叫 `pos`，就只剩对角线了：叫它 `src`。",
    en="With the keys' axis called `pos` too, only the diagonal is left: call it `src`.",
)
def keys_called_pos(q, k):
    return einops.einsum(q, k, "b head pos d, b head pos d -> b head pos")


@mistake(
    "einsum_attention_scores",
    zh="结果转置了：每个查询一行，每个键一列。",
    en="The result is transposed: one row per query, one column per key.",
)
def keys_by_queries(q, k):
    return einops.einsum(q, k, "b head pos d, b head src d -> b head src pos")


@mistake(
    "einsum_attention_scores",
    zh="这里不除以 $\\sqrt{d}$。",
    en="Here it isn't divided by $\\sqrt{d}$.",
)
def scaled(q, k):
    return solutions.einsum_attention_scores(q, k) / q.shape[-1] ** 0.5


@mistake(
    "einsum_attention_scores",
    zh="键的头换了名字，就被求和了：查询只看自己那个头的键。",
    en="With another name for the keys' head it is summed: a query sees the keys of its own head only.",
)
def heads_mixed(q, k):
    return einops.einsum(q, k, "b head pos d, b other src d -> b head pos src")


@mistake(
    "einsum_attention_scores",
    zh="值是对的，但这一节要用 `einops.einsum` 把它写出来，别的计算都不用。",
    en="The value is right, but this section wants it written by `einops.einsum`, and nothing else computes.",
)
def by_transpose(q, k):
    return q @ k.transpose(-1, -2)


@mistake(
    "einsum_attention_scores",
    zh="这里不取 softmax：要的是分数本身。",
    en="No softmax here: the scores themselves are wanted.",
)
def weights(q, k):
    return solutions.einsum_attention_scores(q, k).softmax(dim=-1)


@mistake(
    "einsum_attention_scores",
    zh="键的批次换了名字，就被求和了：查询只看自己那个批次的键。",
    en="With another name for the keys' batch it is summed: a query sees the keys of its own batch only.",
)
def batches_mixed_qk(q, k):
    return einops.einsum(q, k, "b head pos d, other head src d -> b head pos src")


@mistake(
    "einsum_attention_scores",
    zh="`d` 和 `e` 没有对齐，各自求和：两处都叫 `d`。",
    en="`d` and `e` are not lined up but summed apart: call both `d`.",
)
def d_named_apart(q, k):
    return einops.einsum(q, k, "b head pos d, b head src e -> b head pos src")


@mistake(
    "einsum_attention_scores",
    zh="各个头被加到了一起：`head` 要留在右边。",
    en="The heads are added up: keep `head` on the right.",
)
def heads_summed(q, k):
    return einops.einsum(q, k, "b head pos d, b head src d -> b pos src")


@mistake(
    "einsum_bilinear",
    zh="`W` 的两个轴对调了：`x` 配第二个轴 `n`，`y` 配第三个轴 `m`。",
    en="The axes of `W` are swapped: `x` goes with its second, `n`, and `y` with its third, `m`.",
)
def axes_of_W_swapped(x, W, y):
    return einops.einsum(x, W, y, "batch n, out m n, batch m -> batch out")


@mistake(
    "einsum_bilinear",
    zh="`y` 的批次换了名字，就被求和了：第 i 个 `x` 只配第 i 个 `y`。",
    en="With another name for the batch of `y` it is summed: the i-th `x` goes with the i-th `y` alone.",
)
def batches_mixed(x, W, y):
    return einops.einsum(x, W, y, "batch n, out n m, other m -> batch out")


@mistake(
    "einsum_bilinear",
    zh="右边先写 `batch`，再写 `out`。",
    en="On the right `batch` comes first, then `out`.",
)
def output_first(x, W, y):
    return einops.einsum(x, W, y, "batch n, out n m, batch m -> out batch")


@mistake(
    "einsum_bilinear",
    zh="值是对的，但这一节要用 `einops.einsum` 把它写出来，别的计算都不用。",
    en="The value is right, but this section wants it written by `einops.einsum`, and nothing else computes.",
)
def by_functional(x, W, y):
    return torch.nn.functional.bilinear(x, y, W)


@mistake(
    "einsum_bilinear",
    zh="`out` 被求和了：它也要留在右边。",
    en="`out` is summed: keep it on the right as well.",
)
def outputs_summed(x, W, y):
    return einops.einsum(x, W, y, "batch n, out n m, batch m -> batch")


@mistake(
    "einsum_bilinear",
    zh="`y` 的轴没有与 `W` 的 `m` 对齐，而是各自求和。",
    en="The axis of `y` isn't lined up with the `m` of `W`, but summed apart.",
)
def y_named_apart(x, W, y):
    return einops.einsum(x, W, y, "batch n, out n m, batch k -> batch out")


@mistake(
    "einsum_bilinear",
    zh="`batch` 被求和了：它要留在右边。",
    en="`batch` is summed: keep it on the right.",
)
def batch_summed(x, W, y):
    return einops.einsum(x, W, y, "batch n, out n m, batch m -> out")


@mistake(
    "einsum_bilinear",
    zh="`y` 没有用上：一次调用可以有三个张量。",
    en="`y` isn't used: one call may take three tensors.",
)
def without_y(x, W, y):
    return einops.einsum(x, W, "batch n, out n m -> batch out")


@mistake(
    "tidy_1",
    zh="每个头应当是连续的一段：`heads` 变得慢，写在前面。",
    en="Each head is one piece of neighbours: `heads` runs slowly, and comes first.",
)
def heads_run_fast(x, heads):
    return einops.rearrange(x, "batch seq (d heads) -> batch heads seq d", heads=heads)


@mistake(
    "tidy_1",
    zh="还少了 `transpose` 那一步：`heads` 排在 `seq` 之前。",
    en="The step of `transpose` is missing: `heads` stands before `seq`.",
)
def heads_third(x, heads):
    return einops.rearrange(x, "batch seq (heads d) -> batch seq heads d", heads=heads)


@mistake(
    "tidy_1",
    zh="`heads` 是头的个数，你把它当成了每个头的宽度。",
    en="`heads` is the number of heads, and you took it for the width of each.",
)
def head_size_given(x, heads):
    return einops.rearrange(x, "batch seq (heads d) -> batch heads seq d", d=heads)


@mistake(
    "tidy_1",
    zh="结果相同，写法照旧：还在用旧的调用，按编号搬动轴。",
    en="The result is the same, and so is the style: old calls still move axes by their numbers.",
)
def still_transposed(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


@mistake(
    "tidy_1",
    zh="`reshape` 按内存的次序切，把 `seq` 也切散了：要切的是宽度。",
    en="`reshape` cuts in memory's order, and cuts up `seq` as well: it is the width that is cut.",
)
def by_view_alone(x, heads):
    return x.reshape(x.shape[0], heads, x.shape[1], -1)


@mistake(
    "tidy_1",
    zh="头的个数写死了 2：用参数 `heads`。",
    en="The number of heads is fixed at 2: use the argument `heads`.",
)
def always_two_heads(x, heads):
    return einops.rearrange(x, "batch seq (heads d) -> batch heads seq d", heads=2)


@mistake(
    "tidy_1",
    zh="`batch` 和 `heads` 被合成了一个轴：结果有四个轴。",
    en="`batch` and `heads` are joined: the result has four axes.",
)
def joined_with_batch(x, heads):
    return einops.rearrange(x, "batch seq (heads d) -> (batch heads) seq d", heads=heads)


@mistake(
    "tidy_1",
    zh="最后两个轴反了：先 `seq`，再 `d`。",
    en="The last two axes are reversed: `seq` first, then `d`.",
)
def d_before_seq(x, heads):
    return einops.rearrange(x, "batch seq (heads d) -> batch heads d seq", heads=heads)


@mistake(
    "tidy_2",
    zh="合并的次序反了：一个头的 `d` 个数要连在一起。",
    en="The two are joined the wrong way round: the `d` numbers of one head belong together.",
)
def width_woven(x):
    return einops.reduce(x, "batch heads seq d -> batch (d heads)", "mean")


@mistake(
    "tidy_2",
    zh="这是总和：对 `seq` 要取平均。",
    en="That is the sum: over `seq` take the mean.",
)
def summed_sequence(x):
    return einops.reduce(x, "batch heads seq d -> batch (heads d)", "sum")


@mistake(
    "tidy_2",
    zh="你平均了各个头；应当平均的是 `seq`。",
    en="You averaged the heads; it is `seq` that is averaged.",
)
def heads_averaged(x):
    return einops.reduce(x, "batch heads seq d -> batch (seq d)", "mean")


@mistake(
    "tidy_2",
    zh="结果相同，写法照旧：还在用旧的调用，按编号搬动轴。",
    en="The result is the same, and so is the style: old calls still move axes by their numbers.",
)
def still_flattened(x):
    return x.mean(dim=2).flatten(1)


@mistake(
    "tidy_2",
    zh="还没有对 `seq` 求平均：它在右边不出现。",
    en="`seq` isn't averaged yet: it is not found on the right.",
)
def not_averaged(x):
    return einops.rearrange(x, "batch heads seq d -> batch seq (heads d)")


@mistake(
    "tidy_2",
    zh="右边多了一个长度为 1 的轴：旧代码的 `squeeze(1)` 已经去掉了它。",
    en="There is an axis of length 1 too many on the right: the old `squeeze(1)` removes it.",
)
def seq_kept(x):
    return einops.reduce(x, "batch heads seq d -> batch 1 (heads d)", "mean")


@mistake(
    "tidy_2",
    zh="这是最大值：对 `seq` 要取平均。",
    en="That is the maximum: over `seq` take the mean.",
)
def largest_of_the_sequence(x):
    return einops.reduce(x, "batch heads seq d -> batch (heads d)", "max")


@mistake(
    "tidy_2",
    zh="各个头也被平均了：`heads` 与 `d` 合并，不归约。",
    en="The heads are averaged as well: `heads` is joined with `d`, not reduced.",
)
def heads_and_seq_joined(x):
    return einops.reduce(x, "batch heads seq d -> batch d", "mean")


@mistake(
    "tidy_3",
    zh="块内的次序是行、列、通道：`c` 变得最快，写在最后。",
    en="Within a patch the order is row, column, channel: `c` runs fastest, and comes last.",
)
def channels_first(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> b (h w) (c dy dx)", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="块内先走了列：应当先读完一行像素。",
    en="Within the patch you went down columns: a row of pixels is read first.",
)
def columns_first_3(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> b (h w) (dx dy c)", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="小块的次序错了：先从左到右，再换下一行。",
    en="The patches' order is wrong: from left to right first, then the next row of them.",
)
def patches_downwards(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> b (w h) (dy dx c)", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="你取的像素相隔很远：块内的轴变得快，在左边写在后面。",
    en="Your pixels lie far apart: the axis within a patch runs fast, and comes last on the left.",
)
def far_apart(images, size):
    return einops.rearrange(images, "b c (dy h) (dx w) -> b (h w) (dy dx c)", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="只收拾了一半：剩下的旧调用也能写进同一个模式。",
    en="Half of it is tidy: the old calls that are left fit into the same pattern.",
)
def still_permuted(images, size):
    x = einops.rearrange(images, "b c (h dy) (w dx) -> b c h dy w dx", dy=size, dx=size)
    return x.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)


@mistake(
    "tidy_3",
    zh="小块还排成网格：行与列要合成一个轴。",
    en="The patches still form a grid: join their rows and columns into one axis.",
)
def still_a_grid(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> b h w (dy dx c)", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="每个小块还有三个轴：把它们合成一行。",
    en="Each patch still has three axes: join them into one row.",
)
def values_as_axes(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> b (h w) dy dx c", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="小块并进了批次：`b` 是单独的轴。",
    en="The patches went into the batch: `b` is an axis of its own.",
)
def patches_in_the_batch(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> (b h w) (dy dx c)", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="`size` 是一块的边长，你把它当成了块的个数。",
    en="`size` is the side of a patch, and you took it for the number of patches.",
)
def number_of_patches(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> b (h w) (dy dx c)", h=size, w=size)


@mistake(
    "tidy_4",
    zh="`squeeze()` 把长度为 1 的批次轴也去掉了：旧代码的毛病还在。",
    en="`squeeze()` also drops a batch axis of length 1: the old code's fault is still there.",
)
def axis_swallowed(weights, values):
    return torch.matmul(weights.unsqueeze(2), values.permute(0, 2, 1, 3)).squeeze()


@mistake(
    "tidy_4",
    zh="右边的次序是 `batch heads d`。",
    en="On the right the order is `batch heads d`.",
)
def depth_first(weights, values):
    return einops.einsum(weights, values, "b heads src, b src heads d -> b d heads")


@mistake(
    "tidy_4",
    zh="`weights` 的轴是 `batch heads src`：你把后两个的名字写反了。",
    en="The axes of `weights` are `batch heads src`: you swapped the names of the last two.",
)
def heads_and_src_swapped(weights, values):
    return einops.einsum(weights, values, "b src heads, b src heads d -> b heads d")


@mistake(
    "tidy_4",
    zh="权重没有用上：要先乘以 `weights` 再求和。",
    en="The weights are not used: multiply by `weights`, then sum.",
)
def unweighted(weights, values):
    return einops.reduce(values, "b src heads d -> b heads d", "sum")


@mistake(
    "tidy_4",
    zh="结果相同，写法照旧：还在用旧的调用，按编号搬动轴。",
    en="The result is the same, and so is the style: old calls still move axes by their numbers.",
)
def still_squeezed(weights, values):
    return (weights.unsqueeze(2) @ values.permute(0, 2, 1, 3)).squeeze(2)


@mistake(
    "tidy_4",
    zh="多除了一个数：权重相加就够了，不再取平均。",
    en="One division too many: it is a weighted sum, not a mean.",
)
def averaged_4(weights, values):
    return solutions.tidy_4(weights, values) / weights.shape[-1]


@mistake(
    "tidy_4",
    zh="各个头被加到了一起：`heads` 要留在右边。",
    en="The heads are added up: keep `heads` on the right.",
)
def heads_added_up(weights, values):
    return einops.einsum(weights, values, "batch heads src, batch src heads d -> batch d")


@mistake(
    "tidy_4",
    zh="值的头换了名字，就被求和了：每个头只用自己的值。",
    en="With another name for the values' heads they are summed: each head uses its own values.",
)
def heads_named_apart(weights, values):
    return einops.einsum(weights, values, "batch heads src, batch src other d -> batch heads d")


@mistake(
    "tidy_4",
    zh="两个 `src` 名字不同，没有对齐，各自求和。",
    en="The two `src` have different names, are not lined up and summed apart.",
)
def src_named_apart(weights, values):
    return einops.einsum(weights, values, "batch heads src, batch other heads d -> batch heads d")
