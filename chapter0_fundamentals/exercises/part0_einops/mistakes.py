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
    zh="括号里的顺序反了：写在后面的轴走得快，这样相邻两列来自不同的数字。",
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
    zh="`reshape` 按内存的顺序往下读，不管哪个数是谁的：轴的顺序没有换过。",
    en="`reshape` reads on in memory's order, whoever a number belongs to: the axes were never moved.",
)
def merged_by_memory(digits):
    return digits.reshape(digits.shape[1], digits.shape[2], -1)


@mistake(
    "puzzle_1",
    zh="数字的顺序倒过来了：0 在最左边。",
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
    zh="轴的顺序对了，但还没有合并：`b` 和 `w` 要放在一个括号里。",
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
    zh="数字的顺序不对：你是从上往下读的，应当先读完一行。",
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
    zh="宽度里的顺序反了：先走完一个数字的 `w` 列，再换下一个。",
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
    zh="高度里的顺序反了：先走完一个数字的 `h` 行，再换下一排。",
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
    zh="高度里的顺序反了：先走完一个数字的 `h` 行，再换下一个。",
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
    zh="宽度里的顺序反了：先走完一个数字的 `w` 列，再换右边一列数字。",
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
    zh="两个数都写在了错的一边：高度里 `2` 走得快，宽度里 `3` 走得慢。",
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
    zh="这是六个值的乘积，重叠处会比最暗的还暗：要最小值。",
    en="That is the product, which is darker than the darkest where digits overlap: take the smallest value.",
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
    zh="括号里的顺序反了：先走完一个数字的 `w` 列。",
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
    zh="宽度里的顺序反了：同一个数字的 `h` 要连在一起。",
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
    zh="被你平均的是相距半幅图的像素：块内的轴应当走得快，写在后面。",
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
    zh="这是谜题 1：现在每走一列就换一个数字，`b` 走得快。",
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
    zh="`reshape` 按内存的顺序往下读：轴的顺序没有换过。",
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
    zh="数字的顺序倒过来了：每一组列从数字 0 开始。",
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
    zh="你按奇数行和偶数行分开了：上下两半的那个轴走得慢，写在前面。",
    en="You separated odd rows from even ones: the axis of the halves runs slowly, and comes first.",
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
    zh="你先填满了一列：写在前面的轴走得慢，它是行。",
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
    zh="同一周的 7 天是连着的，走得快：写 `(weeks 7)`。",
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
    en="The days that are left over are silently dropped: if they make no whole week, that is an error.",
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
    en="You subtracted the mean of all days; subtract that of the week.",
)
def from_the_whole_average(temps):
    return temps - temps.mean()


@mistake(
    "temperatures_differences",
    zh="各周的平均是一天一换地减去的：同一周的要连续出现 7 次。",
    en="The averages alternate from day to day: each must come 7 times in a row.",
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
    zh="各周的标准差是一天一换地使用的：同一周的要连续出现 7 次。",
    en="The deviations alternate from day to day: each must come 7 times in a row.",
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
    zh="这是对角线本身：右边写了 `i`，它就不被求和；右边应当是空的。",
    en="That is the diagonal itself: with `i` on the right it isn't summed; write nothing there.",
)
def diagonal_kept(matrix):
    return einops.einsum(matrix, "i i -> i")


@mistake(
    "einsum_trace",
    zh="值是对的，但这一节只许用 `einops.einsum` 计算。",
    en="The value is right, but in this section only `einops.einsum` may compute.",
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
    zh="值是对的，但这一节只许用 `einops.einsum` 计算。",
    en="The value is right, but in this section only `einops.einsum` may compute.",
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
    zh="值是对的，但这一节只许用 `einops.einsum` 计算。",
    en="The value is right, but in this section only `einops.einsum` may compute.",
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
    zh="值是对的，但这一节只许用 `einops.einsum` 计算。",
    en="The value is right, but in this section only `einops.einsum` may compute.",
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
    zh="值是对的，但这一节只许用 `einops.einsum` 计算。",
    en="The value is right, but in this section only `einops.einsum` may compute.",
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
    zh="值是对的，但这一节只许用 `einops.einsum` 计算。",
    en="The value is right, but in this section only `einops.einsum` may compute.",
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
    zh="键的批次轴换了名字，就被求和了：查询只看自己那句话的键。",
    en="With another name for the keys' batch axis it is summed: a query sees the keys of its own sentence only.",
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
    zh="`y` 的批次轴换了名字，就被求和了：第 i 个 `x` 只配第 i 个 `y`。",
    en="With another name for the batch axis of `y` it is summed: the i-th `x` goes with the i-th `y` alone.",
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
    zh="值是对的，但这一节只许用 `einops.einsum` 计算。",
    en="The value is right, but in this section only `einops.einsum` may compute.",
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
    zh="每个头应当是连续的一段：`heads` 走得慢，写在前面。",
    en="Each head is one piece of neighbours: `heads` runs slowly, and comes first.",
)
def heads_run_fast(x, heads):
    return einops.rearrange(x, "batch seq (d heads) -> batch heads seq d", heads=heads)


@mistake(
    "tidy_1",
    zh="还少了 `transpose` 那一步：`heads` 应当排在 `seq` 之前。",
    en="The step of `transpose` is missing: `heads` should come before `seq`.",
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
    zh="`reshape` 按内存的顺序切，把 `seq` 也切散了：要切的是宽度。",
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
    zh="合并的顺序反了：一个头的 `d` 个数要连在一起。",
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
    zh="块内的顺序是行、列、通道：`c` 走得最快，写在最后。",
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
    zh="小块的顺序错了：先从左到右，再换下一行。",
    en="The patches' order is wrong: from left to right first, then the next row of them.",
)
def patches_downwards(images, size):
    return einops.rearrange(images, "b c (h dy) (w dx) -> b (w h) (dy dx c)", dy=size, dx=size)


@mistake(
    "tidy_3",
    zh="你取的像素相隔很远：块内的轴走得快，在左边写在后面。",
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
    zh="右边的顺序是 `batch heads d`。",
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
    zh="多除了一次：加权求和就够了，不再取平均。",
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


# Brief ones: a pattern, or a lambda.


def known(exercise, name, function, zh, en):
    """Registers `function` under that name."""
    function.__name__ = name
    mistake(exercise, zh=zh, en=en)(function)


def arranged(exercise, name, pattern, zh, en, reduction="", **lengths):
    """Registers the picture that this pattern makes, by `einops.reduce` where there is a reduction."""
    if reduction:
        known(exercise, name, lambda x: einops.reduce(x, pattern, reduction, **lengths), zh, en)
    else:
        known(exercise, name, lambda x: einops.rearrange(x, pattern, **lengths), zh, en)


TOO_MANY_AXES = (
    "右边的轴太多了：每幅图是 `c`、高、宽三个轴。",
    "Too many axes on the right: a picture has three, `c`, height and width.",
)

arranged(
    "puzzle_1",
    "unchanged",
    "b c h w -> b c h w",
    "什么也没有变：右边要少一个轴，`b` 并进宽度。",
    "Nothing has changed: one axis fewer on the right, with `b` joined to the width.",
)
arranged(
    "puzzle_1",
    "rows_run_slowly",
    "b c h w -> c (h b) w",
    "你把行交错排了：`b` 要并进宽度，不是高度。",
    "You wove the rows: `b` belongs to the width, not to the height.",
)
arranged(
    "puzzle_1",
    "turned_into_a_column",
    "b c h w -> c (b w) h",
    "高和宽对调了：`b w` 是宽度，写在最后。",
    "Height and width have changed places: `b w` is the width, and comes last.",
)
arranged(
    "puzzle_1",
    "colours_in_the_height",
    "b c h w -> (c h) (b w)",
    "颜色并进了高度：`c` 是单独的轴。",
    "The colours went into the height: `c` is an axis of its own.",
)
arranged(
    "puzzle_1",
    "colours_joined_to_digits",
    "b c h w -> (b c) h w",
    "并在一起的是 `b` 和 `c`：要并的是 `b` 和 `w`。",
    "You joined `b` with `c`: it is `b` and `w` that are joined.",
)
arranged(
    "puzzle_1",
    "all_in_the_width",
    "b c h w -> c (b h w)",
    "高度也并进了宽度：`h` 是单独的轴。",
    "The height went into the width as well: `h` is an axis of its own.",
)
arranged("puzzle_1", "axis_of_one", "b c h w -> 1 c h (b w)", *TOO_MANY_AXES)
known(
    "puzzle_1",
    "mirrored_left_to_right",
    lambda digits: einops.rearrange(digits.flip(3), "b c h w -> c h (b w)"),
    "每个数字左右翻转了：列的顺序不变。",
    "Each digit is mirrored: its columns keep their order.",
)

for _exercise, _right in (("puzzle_2", "(b1 h) (b2 w)"), ("puzzle_3", "(b2 h) (b1 w)")):
    for _name, _pattern, _zh, _en in (
        (
            "both_orders_reversed",
            "(h b1) (w b2)" if _exercise == "puzzle_2" else "(h b2) (w b1)",
            "高度和宽度里的顺序都反了：括号里 `h` 和 `w` 走得快，写在后面。",
            "The order is reversed in height and width: `h` and `w` run fast, and come last in their brackets.",
        ),
        (
            "height_reversed_other_grid",
            "(h b2) (b1 w)" if _exercise == "puzzle_2" else "(h b1) (b2 w)",
            "行和列弄反了，高度里的顺序也反了。",
            "Rows and columns are confused, and the order in the height is reversed.",
        ),
        (
            "width_reversed_other_grid",
            "(b2 h) (w b1)" if _exercise == "puzzle_2" else "(b1 h) (w b2)",
            "行和列弄反了，宽度里的顺序也反了。",
            "Rows and columns are confused, and the order in the width is reversed.",
        ),
    ):
        arranged(_exercise, _name, f"(b1 b2) c h w -> c {_pattern}", _zh, _en, b1=2)
    arranged(
        _exercise,
        "joined_in_one_row_wrongly",
        "(b2 b1) c h w -> c h (b1 b2 w)",
        "都排成了一行，顺序也乱了：`b1` 和 `b2` 一个进高度，一个进宽度。",
        "All stand in one row, in a muddled order: of `b1` and `b2` one goes to the height, one to the width.",
        b1=2,
    )

FOURS = {
    "tall_pixels_3": (
        "(h 3) (w 2)",
        "倍数不对，横向也该重复整幅图：高 2 倍，宽 3 份。",
        "The factors are wrong, and across the whole picture is repeated: twice as high, three times side by side.",
    ),
    "two_across": ("(h 2) (2 w)", "横向要三份，这里只有两份。", "Across there are three, and here are two."),
    "tiles_then_stretches": (
        "(3 h) (w 2)",
        "高度和宽度的做法对调了：高度拉长 2 倍，宽度重复 3 份。",
        "Height and width have changed parts: the height is stretched by 2, the width repeated 3 times.",
    ),
}
for _name, (_right, _zh, _en) in FOURS.items():
    known("puzzle_4", _name, lambda digits, _right=_right: einops.repeat(digits[0], f"c h w -> c {_right}"), _zh, _en)
known("puzzle_4", "nothing_repeated", lambda digits: digits[0], "什么也没有重复。", "Nothing is repeated.")
known(
    "puzzle_4",
    "all_six",
    lambda digits: einops.repeat(digits, "b c h w -> c (h 2) (b w)"),
    "六个数字都在：只要第一个，出现三次。",
    "All six digits are there: the first alone is wanted, three times.",
)
known(
    "puzzle_4",
    "second_digit",
    lambda digits: einops.repeat(digits[1], "c h w -> c (h 2) (3 w)"),
    "第一个数字是 `digits[0]`，从 0 数起。",
    "The first digit is `digits[0]`, counted from 0.",
)
known(
    "puzzle_4",
    "a_batch_of_one",
    lambda digits: einops.repeat(digits[:1], "b c h w -> b c (h 2) (3 w)"),
    "`digits[:1]` 还有批次的轴：写 `digits[0]`。",
    "`digits[:1]` still has its batch axis: write `digits[0]`.",
)
known(
    "puzzle_4",
    "colours_repeated",
    lambda digits: einops.repeat(digits[0], "c h w -> (c 2) h (3 w)"),
    "重复的是颜色：要重复的是行，`(h 2)`。",
    "The colours are repeated: it is rows that are, `(h 2)`.",
)
known(
    "puzzle_4",
    "new_axes_left",
    lambda digits: einops.repeat(digits[0], "c h w -> c h 2 3 w"),
    "新的轴还没有合并：放进括号，`(h 2)` 和 `(3 w)`。",
    "The new axes aren't joined: put them in brackets, `(h 2)` and `(3 w)`.",
)

known(
    "puzzle_5",
    "added_up",
    lambda digits: digits.sum(dim=0),
    "加起来会超过 1：要最小值。",
    "A sum goes above 1: take the smallest value.",
)
known(
    "puzzle_5",
    "middle_value",
    lambda digits: digits.median(dim=0).values,
    "这是中位数：要最小值。",
    "That is the median: take the smallest value.",
)
known(
    "puzzle_5",
    "where_the_smallest_is",
    lambda digits: digits.argmin(dim=0),
    "`argmin` 给出的是哪个数字：要最小的值，`amin`。",
    "`argmin` tells which digit: the smallest value is wanted, `amin`.",
)
known(
    "puzzle_5",
    "one_smallest_for_all",
    lambda digits: digits.min(),
    "只有一个数：只归约 `b`，其余的轴留下。",
    "That is one number: reduce `b` alone, and keep the other axes.",
)
known(
    "puzzle_5",
    "first_two",
    lambda digits: torch.minimum(digits[0], digits[1]),
    "只有两个数字：六个都要叠上去。",
    "Those are two digits: lay all six on each other.",
)
known(
    "puzzle_5",
    "last_only",
    lambda digits: digits[-1],
    "只有最后一个数字：六个都要叠上去。",
    "That is the last digit alone: lay all six on each other.",
)
known(
    "puzzle_5",
    "all_but_the_last",
    lambda digits: digits[:-1].amin(dim=0),
    "少了最后一个数字：六个都要叠上去。",
    "The last digit is missing: lay all six on each other.",
)
known(
    "puzzle_5",
    "diagonal_mirror",
    lambda digits: digits.amin(dim=0).mT,
    "高和宽对调了：右边是 `c h w`。",
    "Height and width have changed places: on the right it is `c h w`.",
)
known(
    "puzzle_5",
    "cut_to_0_and_1",
    lambda digits: digits.amin(dim=0).clamp(0, 1),
    "值被截断了：原样留下最小值。",
    "The values are cut off: keep the smallest as it is.",
)
known(
    "puzzle_5",
    "side_by_side_5",
    lambda digits: einops.reduce(digits, "b c h w -> c h (b w)", "min"),
    "`b` 还在右边，什么也没有归约：去掉它。",
    "`b` is still on the right, and nothing is reduced: leave it out.",
)

arranged(
    "puzzle_6",
    "colours_kept",
    "b c h w -> c h (b w)",
    "颜色还在：`c` 在右边不出现。",
    "The colours are still there: `c` is not found on the right.",
)
arranged(
    "puzzle_6",
    "digits_averaged_too",
    "b c h w -> h w",
    "数字也被平均了：`b` 要并进宽度。",
    "The digits are averaged as well: join `b` to the width.",
    "mean",
)
arranged(
    "puzzle_6",
    "one_by_one",
    "b c h w -> b h w",
    "`b` 还是单独的轴：并进宽度。",
    "`b` is still an axis of its own: join it to the width.",
    "mean",
)
arranged(
    "puzzle_6",
    "rows_alternate",
    "b c h w -> (h b) w",
    "`b` 并进了高度：要并进宽度，`(b w)`。",
    "`b` has gone into the height: it belongs to the width, `(b w)`.",
    "mean",
)
arranged(
    "puzzle_6",
    "mirrored_6",
    "b c h w -> w (b h)",
    "高和宽对调了：高度是 `h`。",
    "Height and width have changed places: the height is `h`.",
    "mean",
)
arranged(
    "puzzle_6",
    "a_tall_transpose",
    "b c h w -> (b w) h",
    "结果转置了：先写高度 `h`。",
    "The result is transposed: write the height `h` first.",
    "mean",
)
arranged(
    "puzzle_6",
    "not_joined_6",
    "b c h w -> h b w",
    "轴的顺序对了，但还没有合并：`(b w)`。",
    "The axes stand in the right order but aren't joined: `(b w)`.",
    "mean",
)
arranged(
    "puzzle_6",
    "digits_averaged_colours_kept",
    "b c h w -> c h w",
    "被平均的是数字：应当平均颜色，`b` 并进宽度。",
    "It is the digits that are averaged: average the colours, and join `b` to the width.",
    "mean",
)
known(
    "puzzle_6",
    "second_channel",
    lambda digits: einops.rearrange(digits[:, 1], "b h w -> h (b w)"),
    "只取绿色通道不等于去掉颜色：要三个通道的平均。",
    "The green channel alone is not the picture without colour: take the mean of the three.",
)
known(
    "puzzle_6",
    "last_channel",
    lambda digits: einops.rearrange(digits[:, 2], "b h w -> h (b w)"),
    "只取蓝色通道不等于去掉颜色：要三个通道的平均。",
    "The blue channel alone is not the picture without colour: take the mean of the three.",
)
known(
    "puzzle_6",
    "middle_channel",
    lambda digits: einops.rearrange(digits.median(dim=1).values, "b h w -> h (b w)"),
    "这是三个通道的中位数：要平均。",
    "That is the median of the three channels: take their mean.",
)
known(
    "puzzle_6",
    "weighted_channels",
    lambda digits: einops.rearrange(
        (digits * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=1), "b h w -> h (b w)"
    ),
    "三个通道的权重不同：这里三个一样重，取平均。",
    "The channels are weighted differently: here all three count alike, by their mean.",
)

arranged(
    "puzzle_7",
    "woven_upright",
    "b c h w -> c h (w b)",
    "这是谜题 9：这里每个数字的行和列要对调。",
    "That is puzzle 9: here rows and columns of each digit change places.",
)
arranged(
    "puzzle_7",
    "piled_up",
    "b c h w -> c (b h) w",
    "你把它们摞起来了，行和列也没有对调。",
    "You piled them up, and rows and columns have not changed places.",
)
arranged(
    "puzzle_7",
    "not_joined_7",
    "b c h w -> c w b h",
    "轴的顺序对了，但还没有合并：`(b h)`。",
    "The axes stand in the right order but aren't joined: `(b h)`.",
)
arranged(
    "puzzle_7",
    "colours_last_7",
    "b c h w -> w (b h) c",
    "颜色轴放到了最后：结果要以 `c` 开头。",
    "The colour axis has gone last: the result begins with `c`.",
)
arranged(
    "puzzle_7",
    "one_by_one_7",
    "b c h w -> b c w h",
    "每个数字都翻转了，但还没有排在一起：`b` 并进宽度。",
    "Each digit is mirrored, but they don't stand side by side: join `b` to the width.",
)
known(
    "puzzle_7",
    "turned_left",
    lambda digits: einops.rearrange(torch.rot90(digits, 1, (2, 3)), "b c h w -> c h (b w)"),
    "这是转了 90 度：沿对角线翻转只对调行和列。",
    "That is a turn by 90 degrees: to mirror in the diagonal, rows and columns just change places.",
)
known(
    "puzzle_7",
    "other_diagonal",
    lambda digits: einops.rearrange(digits.flip(2, 3), "b c h w -> c w (b h)"),
    "翻错了对角线：从左上到右下的那一条。",
    "That is the other diagonal: it runs from upper left to lower right.",
)
known(
    "puzzle_7",
    "top_and_bottom",
    lambda digits: einops.rearrange(digits.flip(2), "b c h w -> c h (b w)"),
    "这是上下翻转；沿对角线翻转是行和列对调。",
    "That mirrors top and bottom; in the diagonal, rows and columns change places.",
)
known(
    "puzzle_7",
    "half_a_turn",
    lambda digits: einops.rearrange(digits.flip(2, 3), "b c h w -> c h (b w)"),
    "这是转了 180 度；沿对角线翻转是行和列对调。",
    "That is half a turn; in the diagonal, rows and columns change places.",
)
known(
    "puzzle_7",
    "digits_backwards_7",
    lambda digits: einops.rearrange(digits.flip(0), "b c h w -> c w (b h)"),
    "数字的顺序倒过来了：0 在最左边。",
    "The digits come in reverse order: 0 stands on the left.",
)
known(
    "puzzle_7",
    "reshaped_only",
    lambda digits: einops.rearrange(
        digits.reshape(*digits.shape[:2], digits.shape[3], digits.shape[2]), "b c h w -> c h (b w)"
    ),
    "`reshape` 只换了形状，行和列没有对调。",
    "`reshape` gives another shape only; rows and columns have not changed places.",
)

arranged(
    "puzzle_8",
    "woven_small",
    "b c (h two) (w too) -> c h (w b)",
    "括号里的顺序反了：先走完一个数字的列，写 `(b w)`。",
    "The order in the brackets is reversed: pass all columns of a digit first, `(b w)`.",
    "mean",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "one_by_one_8",
    "b c (h two) (w too) -> b c h w",
    "缩小了，但还没有并排：`b` 并进宽度。",
    "They are smaller, but not side by side: join `b` to the width.",
    "mean",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "far_columns",
    "b c (h two) (too w) -> c h (b w)",
    "宽度拆反了：块内的轴走得快，写在后面，`(w 2)`。",
    "The width is split the wrong way: the axis within a block comes last, `(w 2)`.",
    "mean",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "far_rows",
    "b c (two h) (w too) -> c h (b w)",
    "高度拆反了：块内的轴走得快，写在后面，`(h 2)`。",
    "The height is split the wrong way: the axis within a block comes last, `(h 2)`.",
    "mean",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "all_digits_averaged",
    "b c (h two) (w too) -> c h w",
    "数字也被平均了：`b` 要并进宽度。",
    "The digits are averaged as well: join `b` to the width.",
    "mean",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "mirrored_8",
    "b c (h two) (w too) -> c w (b h)",
    "行和列对调了：高度是 `h`。",
    "Rows and columns have changed places: the height is `h`.",
    "mean",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "full_size",
    "b c h w -> c h (b w)",
    "还没有缩小：每 2 × 2 个像素取平均。",
    "It isn't smaller yet: take the mean of each 2 × 2 pixels.",
)
arranged(
    "puzzle_8",
    "darkest_of_four",
    "b c (h two) (w too) -> c h (b w)",
    "这是四个像素里最小的：要平均。",
    "That is the smallest of four pixels: take their mean.",
    "min",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "not_joined_8",
    "b c (h two) (w too) -> c h b w",
    "还没有合并：`(b w)`。",
    "They aren't joined: `(b w)`.",
    "mean",
    two=2,
    too=2,
)
arranged(
    "puzzle_8",
    "two_blocks",
    "b c (h two) (w too) -> c h (b w)",
    "`h=2` 说的是 2 块：要每块 2 行，把 2 写给块内的轴。",
    "`h=2` means 2 blocks: it is 2 rows in each, so give the 2 to the axis within a block.",
    "mean",
    h=2,
    w=2,
)
known(
    "puzzle_8",
    "lower_right_pixel",
    lambda digits: einops.rearrange(digits[..., 1::2, 1::2], "b c h w -> c h (b w)"),
    "你只取了每块右下角的像素；要四个像素的平均。",
    "You took the lower right pixel of each block; the mean of all four is wanted.",
)
known(
    "puzzle_8",
    "half_the_sum",
    lambda digits: einops.reduce(digits, "b c (h two) (w too) -> c h (b w)", "sum", two=2, too=2) / 2,
    "四个像素的和要除以 4，不是 2。",
    "The sum of four pixels is divided by 4, not by 2.",
)
known(
    "puzzle_8",
    "joined_before",
    lambda digits: einops.reduce(
        einops.rearrange(digits, "b c h w -> c h (w b)"), "c (h two) (w too) -> c h w", "mean", two=2, too=2
    ),
    "先交错再缩小，不同数字的像素就被平均了：并排时写 `(b w)`。",
    "Woven first and made smaller then, pixels of different digits are averaged: side by side is `(b w)`.",
)

arranged(
    "puzzle_9",
    "diagonals_woven",
    "b c h w -> c w (h b)",
    "每个数字的行和列对调了：高度仍是 `h`，交错的是列。",
    "Rows and columns of each digit have changed places: the height is still `h`, and columns alternate.",
)
arranged(
    "puzzle_9",
    "puzzle_seven",
    "b c h w -> c w (b h)",
    "这是谜题 7：这里高度仍是 `h`。",
    "That is puzzle 7: here the height is still `h`.",
)
arranged(
    "puzzle_9",
    "not_joined_9",
    "b c h w -> c h w b",
    "轴的顺序对了，但还没有合并：`(w b)`。",
    "The axes stand in the right order but aren't joined: `(w b)`.",
)
arranged(
    "puzzle_9",
    "colours_last_9",
    "b c h w -> h (w b) c",
    "颜色轴放到了最后：结果要以 `c` 开头。",
    "The colour axis has gone last: the result begins with `c`.",
)
arranged(
    "puzzle_9",
    "transposed_9",
    "b c h w -> c (w b) h",
    "高和宽对调了：`(w b)` 是宽度，写在最后。",
    "Height and width have changed places: `(w b)` is the width, and comes last.",
)
known(
    "puzzle_9",
    "columns_backwards",
    lambda digits: einops.rearrange(digits.flip(3), "b c h w -> c h (w b)"),
    "列的顺序倒过来了：从第 0 列开始。",
    "The columns come in reverse order: they begin with column 0.",
)
known(
    "puzzle_9",
    "three_woven",
    lambda digits: einops.rearrange(digits[:3], "b c h w -> c h (w b)"),
    "只编织了一半的数字：六个都要。",
    "Half of the digits are woven: all six are wanted.",
)

for _name, _pattern, _zh, _en in (
    (
        "columns_then_halves",
        "(half h) w -> c h (w half b)",
        "宽度里的顺序错了：从最慢到最快是半身、数字、列。",
        "The order in the width is wrong: from slow to fast it is half, digit, column.",
    ),
    (
        "halves_run_fast",
        "(half h) w -> c h (b w half)",
        "半身走得最快了：它最慢，写在最前面。",
        "The half runs fastest: it is the slowest, and comes first.",
    ),
    (
        "all_reversed",
        "(half h) w -> c h (w b half)",
        "宽度里的顺序完全反了：半身、数字、列。",
        "The order in the width is fully reversed: half, digit, column.",
    ),
    (
        "halves_in_front",
        "(half h) w -> half c h (b w)",
        "两半成了单独的轴：`half` 要并进宽度。",
        "The halves are an axis of their own: join `half` to the width.",
    ),
    (
        "digits_piled",
        "(half h) w -> c (half h b) w",
        "都进了高度：`half` 和 `b` 要并进宽度。",
        "All went into the height: `half` and `b` belong to the width.",
    ),
    (
        "half_not_joined",
        "(half h) w -> c h half (b w)",
        "`half` 还没有合并：`(half b w)`。",
        "`half` isn't joined: `(half b w)`.",
    ),
    (
        "odd_even_by_digit",
        "(h half) w -> c h (b half w)",
        "你分开的是奇数行和偶数行，而且每个数字的两份排在一起。",
        "You parted odd rows from even ones, and each digit's two stand together.",
    ),
    (
        "colours_last_10",
        "(half h) w -> h (half b w) c",
        "颜色轴放到了最后：结果要以 `c` 开头。",
        "The colour axis has gone last: the result begins with `c`.",
    ),
):
    arranged("puzzle_10", _name, f"b c {_pattern}", _zh, _en, half=2)
known(
    "puzzle_10",
    "lower_only",
    lambda digits: torch.cat(list(digits.chunk(2, dim=2)[1]), dim=-1),
    "上半身不见了：它们排在最前面。",
    "The upper halves are gone: they come first.",
)
known(
    "puzzle_10",
    "two_rows_each",
    lambda digits: einops.rearrange(digits, "b c (half h) w -> c h (half b w)", h=2),
    "`h=2` 说的是每半 2 行：要两半，写 `half=2`。",
    "`h=2` means 2 rows in each half: it is two halves, `half=2`.",
)
known(
    "puzzle_10",
    "lower_backwards",
    lambda digits: torch.cat([*digits.chunk(2, dim=2)[0], *digits.chunk(2, dim=2)[1].flip(0)], dim=-1),
    "下半身的顺序倒过来了：两排的顺序相同。",
    "The lower halves come in reverse order: both series have the same.",
)
known(
    "puzzle_10",
    "lower_upside_down",
    lambda digits: torch.cat([*digits.chunk(2, dim=2)[0], *digits.chunk(2, dim=2)[1].flip(2)], dim=-1),
    "下半身上下颠倒了。",
    "The lower halves stand upside down.",
)

for _exercise, _start, _rows, _columns in (("rearrange_1", 3.0, 3, 2), ("rearrange_2", 1.0, 2, 3)):

    def numbers(end=6, _start=_start, **more):
        return torch.arange(_start, _start + end, **more)

    for _name, _function, _zh, _en in (
        (
            "filled_by_columns",
            lambda n=numbers, r=_rows: einops.rearrange(n(), "(w h) -> h w", h=r),
            "先填满了一列：应当先填满一行，写 `(h w) -> h w`，行在前面。",
            "A column is filled first, and it should be a row: write `(h w) -> h w`, with rows first.",
        ),
        (
            "rows_for_columns",
            lambda n=numbers, r=_rows: einops.rearrange(n(), "(h w) -> h w", w=r),
            "行数和列数弄反了。",
            "The numbers of rows and columns are confused.",
        ),
        (
            "transposed_shape",
            lambda n=numbers, r=_rows: einops.rearrange(n(), "(h w) -> w h", h=r),
            "右边转置了：先写行，再写列。",
            "It is transposed on the right: rows first, then columns.",
        ),
        (
            "whole_numbers",
            lambda n=numbers, r=_rows, s=_start: einops.rearrange(
                torch.arange(int(s), int(s) + 6), "(h w) -> h w", h=r
            ),
            "形状对了，但元素是整数：起点写成小数，得到 float32。",
            "The shape is right, but these are integers: begin with a decimal point to get float32.",
        ),
        (
            "not_arranged",
            lambda n=numbers: n(),
            "还是一排数字：用 `einops.rearrange` 换形状。",
            "It is still a row of numbers: give it its shape by `einops.rearrange`.",
        ),
        (
            "backwards_numbers",
            lambda n=numbers, r=_rows: einops.rearrange(n().flip(0), "(h w) -> h w", h=r),
            "数字的顺序倒过来了。",
            "The numbers come in reverse order.",
        ),
        (
            "from_another_start",
            lambda r=_rows: einops.rearrange(torch.arange(6.0), "(h w) -> h w", h=r),
            "`arange` 默认从 0 开始：写明起点。",
            "`arange` begins at 0 by default: name the start.",
        ),
        (
            "one_axis_more",
            lambda n=numbers, r=_rows: einops.rearrange(n(), "(h w) -> 1 h w", h=r),
            "多了一个长度为 1 的轴。",
            "There is an axis of length 1 too many.",
        ),
        (
            "nested_lists",
            lambda n=numbers, r=_rows: einops.rearrange(n(), "(h w) -> h w", h=r).tolist(),
            "返回的是列表：要张量，去掉 `.tolist()`。",
            "That is a list: a tensor is wanted, so leave `.tolist()` out.",
        ),
        (
            "by_two",
            lambda r=_rows, s=_start: einops.rearrange(torch.arange(s, s + 12, 2), "(h w) -> h w", h=r),
            "步子是 2：数字是一个挨一个的。",
            "The step is 2: the numbers follow each other.",
        ),
    ):
        if (_exercise, _name) not in (("rearrange_2", "from_another_start"),):
            known(_exercise, f"{_name}_{_exercise[-1]}", _function, _zh, _en)


def weeks(temps):
    return temps.unflatten(0, (-1, 7))


def centred(temps):
    return weeks(temps) - weeks(temps).mean(dim=1, keepdim=True)


def average(name, function, zh, en):
    known("temperatures_average", name, function, zh, en)


average(
    "coldest",
    lambda temps: weeks(temps).amin(dim=1),
    "这是每周的最低温度：要平均值。",
    "That is the lowest of each week: the mean is wanted.",
)
average(
    "warmest",
    lambda temps: weeks(temps).amax(dim=1),
    "这是每周的最高温度：要平均值。",
    "That is the highest of each week: the mean is wanted.",
)
average(
    "over_six",
    lambda temps: weeks(temps).sum(dim=1) / 6,
    "一周有 7 天：平均要除以 7。",
    "A week has 7 days: a mean is divided by 7.",
)
average(
    "five_days",
    lambda temps: weeks(temps)[:, :5].mean(dim=1),
    "只平均了前 5 天：一周有 7 天。",
    "Only the first 5 days are averaged: a week has 7.",
)
average(
    "whole_degrees",
    lambda temps: weeks(temps).mean(dim=1).round(),
    "平均值被舍入了：原样返回。",
    "The means are rounded: return them as they are.",
)
average(
    "to_a_tenth",
    lambda temps: weeks(temps).mean(dim=1).round(decimals=1),
    "平均值被舍入了：原样返回，不取一位小数。",
    "The means are rounded: return them as they are, not to one decimal.",
)
average(
    "one_per_day",
    lambda temps: weeks(temps).mean(dim=1).repeat_interleave(7),
    "每天一个数：每周只要一个。",
    "That is one number per day: one per week is wanted.",
)
average(
    "moving_average",
    lambda temps: temps.unfold(0, 7, 1).mean(dim=1),
    "这是滑动平均，窗口互相重叠：每 7 天分一组。",
    "That is a moving average, whose windows overlap: split into groups of 7 days.",
)
average(
    "as_a_list",
    lambda temps: weeks(temps).mean(dim=1).tolist(),
    "返回的是列表：要张量。",
    "That is a list: a tensor is wanted.",
)
average(
    "last_week_left_out",
    lambda temps: torch.stack([temps[i : i + 7].mean() for i in range(0, max(len(temps) - 7, 1), 7)]),
    "最后一周没有算进去：循环少走了一步。",
    "The last week is left out: the loop ends one step early.",
)
average(
    "filled_with_zeros",
    lambda temps: weeks(torch.nn.functional.pad(temps, (0, -len(temps) % 7))).mean(dim=1),
    "缺的几天用 0 补上了：凑不成整周，应当报错。",
    "The missing days are filled with 0: if they make no whole week, that is an error.",
)
average(
    "seven_pieces",
    lambda temps: torch.stack([piece.mean() for piece in temps.chunk(7)]),
    "`chunk(7)` 分成 7 段：要每段 7 天，`split(7)`。",
    "`chunk(7)` makes 7 pieces: it is pieces of 7 days, `split(7)`.",
)
average(
    "halfway",
    lambda temps: (weeks(temps).amax(dim=1) + weeks(temps).amin(dim=1)) / 2,
    "这是最高与最低的平均：7 天都要算。",
    "That is the mean of highest and lowest: all 7 days count.",
)


def differences(name, function, zh, en):
    known("temperatures_differences", name, function, zh, en)


differences(
    "averages_added",
    lambda temps: temps + weeks(temps).mean(dim=1).repeat_interleave(7),
    "平均要减去，不是加上。",
    "The average is subtracted, not added.",
)
differences(
    "medians_subtracted",
    lambda temps: (weeks(temps) - weeks(temps).median(dim=1, keepdim=True).values).flatten(),
    "你减去了中位数：要减去平均。",
    "You subtracted the median: subtract the mean.",
)
differences(
    "from_the_day_before",
    lambda temps: temps.diff(prepend=temps[:1]),
    "你减去了前一天：要减去本周的平均。",
    "You subtracted the day before: subtract the mean of the week.",
)
differences(
    "above_the_coldest",
    lambda temps: (weeks(temps) - weeks(temps).amin(dim=1, keepdim=True)).flatten(),
    "你减去了最低温度：要减去平均。",
    "You subtracted the lowest: subtract the mean.",
)
differences(
    "ratios",
    lambda temps: (weeks(temps) / weeks(temps).mean(dim=1, keepdim=True)).flatten(),
    "你除以了平均：要减去它。",
    "You divided by the mean: subtract it.",
)
differences(
    "read_by_weekday",
    lambda temps: centred(temps).T.flatten(),
    "差是对的，合回去的顺序错了：同一周的 7 天连在一起。",
    "The differences are right, joined in the wrong order: the 7 days of a week stand together.",
)
differences(
    "first_week_s_average",
    lambda temps: temps - weeks(temps)[0].mean(),
    "每一周都减去了第一周的平均：各减各的。",
    "From every week the first one's mean is subtracted: each has its own.",
)
differences(
    "first_week_alone",
    lambda temps: torch.cat([temps[:7] - temps[:7].mean(), temps[7:]]),
    "只有第一周减去了平均：每一周都要。",
    "Only the first week has its mean subtracted: every week should.",
)
differences(
    "squared",
    lambda temps: centred(temps).flatten() ** 2,
    "差被平方了：原样留下。",
    "The differences are squared: keep them as they are.",
)
differences(
    "rounded_differences",
    lambda temps: centred(temps).flatten().round(decimals=3),
    "差被舍入了：原样返回。",
    "The differences are rounded: return them as they are.",
)
differences(
    "last_week_s_average",
    lambda temps: temps - weeks(temps).mean(dim=1).roll(1).repeat_interleave(7),
    "减去的是上一周的平均：要本周的。",
    "It is the mean of the week before: take that of the same week.",
)
differences(
    "axis_not_kept",
    lambda temps: (weeks(temps) - weeks(temps).mean(dim=1)).flatten(),
    "形状对不上：每个平均要与自己那一周的 7 天对齐，用 `einops.repeat`，或者在表里用 `keepdim=True`。",
    "The shapes don't fit: each mean goes with the 7 days of its week, by `einops.repeat`, or by `keepdim=True` in a table.",
)
differences(
    "far_days_averaged",
    lambda temps: (
        temps
        - einops.repeat(einops.reduce(temps, "(days weeks) -> weeks", "mean", days=7), "weeks -> (weeks days)", days=7)
    ),
    "求平均时拆反了：同一周的 7 天是连着的，`(weeks 7)`。",
    "For the mean it is split the wrong way: the 7 days of a week are neighbours, `(weeks 7)`.",
)
differences(
    "far_days_throughout",
    lambda temps: (
        temps
        - einops.repeat(einops.reduce(temps, "(days weeks) -> weeks", "mean", days=7), "weeks -> (days weeks)", days=7)
    ),
    "两处都拆反了：同一周的 7 天是连着的，`(weeks 7)`。",
    "Both are split the wrong way: the 7 days of a week are neighbours, `(weeks 7)`.",
)


def normalized(name, function, zh, en):
    known("temperatures_normalized", name, lambda temps: function(temps).flatten(), zh, en)


def deviations(temps):
    return weeks(temps).std(dim=1, keepdim=True)


normalized(
    "one_deviation_of_differences",
    lambda temps: centred(temps) / centred(temps).std(),
    "减去的是本周的平均，除的却是全部差的标准差：每一周用自己的。",
    "The week's own mean is subtracted, but one deviation of all differences divides: each week uses its own.",
)
normalized(
    "one_biased_deviation",
    lambda temps: centred(temps) / temps.std(correction=0),
    "标准差取自全部天数：每一周用自己的，而且平方和除以 6。",
    "The deviation is that of all days: each week uses its own, with the sum of squares over 6.",
)
normalized(
    "all_days_biased",
    lambda temps: (temps - temps.mean()) / temps.std(correction=0),
    "平均和标准差都取自全部天数：每一周用自己的。",
    "Mean and deviation are those of all days: each week uses its own.",
)
normalized(
    "mean_deviation",
    lambda temps: centred(temps) / deviations(temps).mean(),
    "各周的标准差被平均了：每一周用自己的。",
    "The weeks' deviations are averaged: each week uses its own.",
)
normalized(
    "mean_absolute_difference",
    lambda temps: centred(temps) / centred(temps).abs().mean(dim=1, keepdim=True),
    "这是平均的绝对差：标准差是平方和除以 6 再开方。",
    "That is the mean absolute difference: a deviation is the root of the sum of squares over 6.",
)
normalized(
    "lowest_to_highest",
    lambda temps: (
        (weeks(temps) - weeks(temps).amin(dim=1, keepdim=True))
        / (weeks(temps).amax(dim=1, keepdim=True) - weeks(temps).amin(dim=1, keepdim=True))
    ),
    "这样每周都缩放到 0 与 1 之间：要减去平均，除以标准差。",
    "This scales each week to between 0 and 1: subtract the mean, and divide by the deviation.",
)
normalized(
    "divided_first",
    lambda temps: weeks(temps) / deviations(temps) - weeks(temps).mean(dim=1, keepdim=True),
    "顺序反了：先减去平均，再除以标准差。",
    "The order is reversed: subtract the mean first, then divide.",
)
normalized(
    "by_the_root_of_the_sum",
    lambda temps: centred(temps) / centred(temps).norm(dim=1, keepdim=True),
    "平方和在开方之前还要除以 6。",
    "Before its root is taken, the sum of squares is divided by 6.",
)
normalized(
    "standard_error",
    lambda temps: centred(temps) / (deviations(temps) / 7**0.5),
    "标准差多除以了 $\\sqrt{7}$：那是平均的标准误差。",
    "The deviation is divided by $\\sqrt{7}$: that is the standard error of the mean.",
)
normalized(
    "sign_reversed",
    lambda temps: -centred(temps) / deviations(temps),
    "符号反了：是这一天减去平均。",
    "The sign is reversed: it is the day minus the average.",
)
normalized(
    "rounded_scores",
    lambda temps: (centred(temps) / deviations(temps)).round(decimals=3),
    "结果被舍入了：原样返回。",
    "The results are rounded: return them as they are.",
)
normalized(
    "cut_at_two",
    lambda temps: (centred(temps) / deviations(temps)).clamp(-2, 2),
    "结果被截断在 ±2：不要截断。",
    "The results are cut off at ±2: don't cut them.",
)
normalized(
    "a_little_added",
    lambda temps: centred(temps) / (deviations(temps) + 1e-5),
    "标准差上多加了一个小数：变化很小的一周就错了。",
    "A small number is added to the deviation, which is wrong for a week that hardly varies.",
)
normalized(
    "deviation_at_least",
    lambda temps: centred(temps) / deviations(temps).clamp(min=0.1),
    "标准差设了下限：变化很小的一周就错了。",
    "The deviation has a floor, which is wrong for a week that hardly varies.",
)
normalized(
    "by_weekday",
    lambda temps: (weeks(temps) - weeks(temps).mean(dim=0)) / weeks(temps).std(dim=0),
    "你比较的是同一星期几：平均和标准差都取自同一周的 7 天。",
    "You compared the same weekdays: mean and deviation are those of the 7 days of a week.",
)
normalized(
    "everything_in_turn",
    lambda temps: (temps - weeks(temps).mean(dim=1).repeat(7)) / weeks(temps).std(dim=1).repeat(7),
    "各周的平均和标准差是一天一换地使用的：同一周的要连续出现 7 次。",
    "Means and deviations alternate from day to day: each must come 7 times in a row.",
)
normalized(
    "biased_squares",
    lambda temps: (
        centred(temps)
        / ((weeks(temps) ** 2).mean(dim=1, keepdim=True) - weeks(temps).mean(dim=1, keepdim=True) ** 2).sqrt()
    ),
    "这样除以的是 7，不是 6；而且离 0 很远时有效数字就没了：先减去平均再平方。",
    "This divides by 7 and not by 6; and far from 0 the digits are gone: subtract the mean first, then square.",
)
normalized(
    "around_the_median",
    lambda temps: (weeks(temps) - weeks(temps).median(dim=1, keepdim=True).values) / deviations(temps),
    "你减去了中位数：要减去平均。",
    "You subtracted the median: subtract the mean.",
)
normalized(
    "another_week_s_deviation",
    lambda temps: centred(temps) / deviations(temps).roll(1, 0),
    "除的是另一周的标准差：要本周的。",
    "It is another week's deviation: take that of the same week.",
)
normalized(
    "axis_not_kept_n",
    lambda temps: centred(temps) / weeks(temps).std(dim=1),
    "形状对不上：每个标准差要与自己那一周的 7 天对齐，用 `einops.repeat`，或者在表里用 `keepdim=True`。",
    "The shapes don't fit: each deviation goes with the 7 days of its week, by `einops.repeat`, or by `keepdim=True` in a table.",
)


def contracted(exercise, name, pattern, zh, en, order=None):
    """Registers `einops.einsum` with that pattern, of the arguments in the order given."""
    known(
        exercise,
        name,
        lambda *args: einops.einsum(*(args if order is None else [args[i] for i in order]), pattern),  # type: ignore
        zh,
        en,
    )


contracted(
    "einsum_trace",
    "of_the_square",
    "i j, j i ->",
    "这是 `matrix @ matrix` 的迹：矩阵给一次，写 `i i ->`。",
    "That is the trace of `matrix @ matrix`: give the matrix once, `i i ->`.",
    (0, 0),
)
contracted(
    "einsum_trace",
    "all_squares",
    "i j, i j ->",
    "这是所有元素的平方和：对角线是同一个名字写两次，`i i ->`。",
    "That is the sum of all squares: the diagonal is one name written twice, `i i ->`.",
    (0, 0),
)
contracted(
    "einsum_trace",
    "column_sums",
    "i j -> j",
    "这是每一列的和：对角线是同一个名字写两次。",
    "Those are the sums of the columns: the diagonal is one name written twice.",
)
contracted(
    "einsum_trace",
    "matrix_itself",
    "i j -> i j",
    "这是矩阵自己：对角线是同一个名字写两次。",
    "That is the matrix itself: the diagonal is one name written twice.",
)
known(
    "einsum_trace",
    "mean_of_the_diagonal",
    lambda matrix: einops.einsum(matrix, "i i ->") / len(matrix),
    "这是对角线的平均：要它们的和。",
    "That is the mean of the diagonal: its sum is wanted.",
)
contracted(
    "einsum_mv",
    "column_sums_weighted",
    "n m, m -> m",
    "右边留错了：被求和的是 `m`，留下 `n`。",
    "The wrong axis is kept: `m` is summed, and `n` stays.",
)
contracted(
    "einsum_mv",
    "rows_scaled",
    "n m, n -> n",
    "与向量对齐的是矩阵的第二个轴 `m`，不是 `n`。",
    "The vector is lined up with the second axis `m`, not with `n`.",
)
contracted(
    "einsum_mv",
    "products_transposed",
    "n m, m -> m n",
    "乘过了，还没有求和：右边只留 `n`。",
    "It is multiplied, not summed: keep `n` alone on the right.",
)
contracted(
    "einsum_mv",
    "outer_kept",
    "n m, k -> n k",
    "向量的轴另起了名字，就不再对齐：叫它 `m`。",
    "With a name of its own the vector's axis isn't lined up: call it `m`.",
)
contracted(
    "einsum_mm",
    "only_rows_left",
    "n m, m p -> n",
    "`p` 被求和了：它也要留在右边。",
    "`p` is summed: keep it on the right as well.",
)
contracted(
    "einsum_mm",
    "only_columns_left",
    "n m, m p -> p",
    "`n` 被求和了：它也要留在右边。",
    "`n` is summed: keep it on the right as well.",
)
contracted(
    "einsum_mm",
    "everything_summed",
    "n m, m p ->",
    "全都加起来了：`n` 和 `p` 都要留在右边。",
    "Everything is summed: keep both `n` and `p` on the right.",
)
contracted(
    "einsum_mm",
    "wrong_pair_kept",
    "n m, m p -> n m",
    "右边留错了：被求和的是 `m`，留下 `n` 和 `p`。",
    "The wrong axes are kept: `m` is summed, and `n` and `p` stay.",
)
contracted(
    "einsum_mm",
    "second_pair_kept",
    "n m, m p -> m p",
    "右边留错了：被求和的是 `m`，留下 `n` 和 `p`。",
    "The wrong axes are kept: `n` and `p` stay, and `m` is summed.",
)
contracted(
    "einsum_mm",
    "arguments_swapped",
    "n m, m p -> n p",
    "这是 `B @ A`：先写 `A`，再写 `B`。",
    "That is `B @ A`: write `A` first, then `B`.",
    (1, 0),
)
contracted(
    "einsum_inner",
    "every_product",
    "n, m -> n m",
    "这是外积：两个轴要同名，再求和。",
    "That is the outer product: both axes need one name, and are summed.",
)
contracted(
    "einsum_inner",
    "x_times_the_sum",
    "n, m -> n",
    "两个名字不同，`y` 先各自求和了：两个轴要同名。",
    "The names differ, and `y` is summed by itself: both axes need one name.",
)
contracted(
    "einsum_inner",
    "y_with_itself",
    "n, n ->",
    "`x` 没有用上：这是 `y` 与自己的内积。",
    "`x` isn't used: that is the inner product of `y` with itself.",
    (1, 1),
)
contracted("einsum_inner", "y_twice", "n, n, n ->", "`y` 用了两次。", "`y` is used twice.", (0, 1, 1))
known(
    "einsum_inner",
    "mean_product",
    lambda x, y: einops.einsum(x, y, "n, n ->") / len(x),
    "这是乘积的平均：要和。",
    "That is the mean of the products: their sum is wanted.",
)
contracted(
    "einsum_inner",
    "x_added_up",
    "n ->",
    "只把 `x` 加了起来：`y` 没有用上。",
    "Only `x` is summed: `y` isn't used.",
    (0,),
)
known(
    "einsum_inner",
    "multiplied_beforehand",
    lambda x, y: einops.einsum(x * y, "n ->"),
    "`*` 已经乘好了，`einops.einsum` 只管求和：把两个向量都交给它，乘法也由它来做。",
    "`*` multiplies, and `einops.einsum` only sums: hand it both vectors, and let it multiply as well.",
)
known(
    "einsum_inner",
    "without_its_sign",
    lambda x, y: einops.einsum(x, y, "n, n ->").abs(),
    "内积可以是负数：不要取绝对值。",
    "An inner product may be negative: don't take the absolute value.",
)
known(
    "einsum_inner",
    "cosine",
    lambda x, y: einops.einsum(x, y, "n, n ->") / x.norm() / y.norm(),
    "这是余弦：不除以长度。",
    "That is the cosine: don't divide by the lengths.",
)
contracted(
    "einsum_outer",
    "columns_summed",
    "n, m -> m",
    "`n` 被求和了：它也要留在右边。",
    "`n` is summed: keep it on the right as well.",
)
contracted(
    "einsum_outer",
    "x_with_itself",
    "n, m -> n m",
    "`y` 没有用上：这是 `x` 与自己的外积。",
    "`y` isn't used: that is the outer product of `x` with itself.",
    (0, 0),
)
contracted(
    "einsum_outer",
    "y_with_itself_outer",
    "n, m -> n m",
    "`x` 没有用上：这是 `y` 与自己的外积。",
    "`x` isn't used: that is the outer product of `y` with itself.",
    (1, 1),
)
known(
    "einsum_outer",
    "sums_of_pairs",
    lambda x, y: x[:, None] + y,
    "每一对要相乘，不是相加。",
    "Each pair is multiplied, not added.",
)

QK = "b head pos d, b head src d -> "
for _name, _right, _zh, _en in (
    (
        "batches_summed",
        "head pos src",
        "批次被加到了一起：`b` 要留在右边。",
        "The batches are added up: keep `b` on the right.",
    ),
    (
        "queries_in_front",
        "pos b head src",
        "右边的顺序不对：`b head pos src`。",
        "The order on the right is wrong: it is `b head pos src`.",
    ),
    (
        "heads_in_front",
        "head b pos src",
        "右边的顺序不对：`b` 在 `head` 之前。",
        "The order on the right is wrong: `b` comes before `head`.",
    ),
    (
        "heads_in_the_middle",
        "b pos head src",
        "右边的顺序不对：`head` 在 `pos` 之前。",
        "The order on the right is wrong: `head` comes before `pos`.",
    ),
    (
        "d_not_summed",
        "b head pos src d",
        "乘过了，还没有求和：右边不要留 `d`。",
        "It is multiplied, not summed: leave no `d` on the right.",
    ),
    (
        "keys_summed",
        "b head pos",
        "键被加到了一起：`src` 要留在右边。",
        "The keys are added up: keep `src` on the right.",
    ),
    (
        "queries_summed",
        "b head src",
        "查询被加到了一起：`pos` 要留在右边。",
        "The queries are added up: keep `pos` on the right.",
    ),
):
    contracted("einsum_attention_scores", _name, QK + _right, _zh, _en)
contracted(
    "einsum_attention_scores",
    "queries_with_queries",
    QK + "b head pos src",
    "`k` 没有用上：这是查询与查询的内积。",
    "`k` isn't used: those are inner products of queries with queries.",
    (0, 0),
)
known(
    "einsum_attention_scores",
    "scaled_weights",
    lambda q, k: (solutions.einsum_attention_scores(q, k) / q.shape[-1] ** 0.5).softmax(dim=-1),
    "这里不除以 $\\sqrt{d}$，也不取 softmax：要的是分数本身。",
    "Here nothing is divided by $\\sqrt{d}$, and no softmax taken: the scores themselves are wanted.",
)
known(
    "einsum_attention_scores",
    "divided_by_d",
    lambda q, k: solutions.einsum_attention_scores(q, k) / q.shape[-1],
    "这里不除以 `d`：内积是和，不是平均。",
    "Here nothing is divided by `d`: an inner product is a sum, not a mean.",
)

XWY = "batch n, out n m, batch m -> "
for _name, _right, _zh, _en in (
    (
        "out_lost",
        "batch n m",
        "`out` 被求和了，`n` 和 `m` 却留下了：右边是 `batch out`。",
        "`out` is summed while `n` and `m` stay: on the right it is `batch out`.",
    ),
    (
        "n_kept",
        "batch out n",
        "`n` 还没有求和：右边是 `batch out`。",
        "`n` isn't summed: on the right it is `batch out`.",
    ),
    (
        "m_kept",
        "batch out m",
        "`m` 还没有求和：右边是 `batch out`。",
        "`m` isn't summed: on the right it is `batch out`.",
    ),
    (
        "both_kept",
        "batch out n m",
        "`n` 和 `m` 还没有求和：右边是 `batch out`。",
        "`n` and `m` aren't summed: on the right it is `batch out`.",
    ),
    (
        "one_number",
        "",
        "全都加起来了：`batch` 和 `out` 要留在右边。",
        "Everything is summed: keep `batch` and `out` on the right.",
    ),
):
    contracted("einsum_bilinear", _name, XWY + _right, _zh, _en)
contracted(
    "einsum_bilinear",
    "every_pair_of_batches",
    "first n, out n m, batch m -> first batch out",
    "第 i 个 `x` 只配第 i 个 `y`：两处都叫 `batch`。",
    "The i-th `x` goes with the i-th `y` alone: call both `batch`.",
)
contracted(
    "einsum_bilinear",
    "x_batches_summed",
    "first n, out n m, batch m -> batch out",
    "`x` 的批次轴换了名字，就被求和了：两处都叫 `batch`。",
    "With another name for the batch of `x` it is summed: call both `batch`.",
)
contracted(
    "einsum_bilinear",
    "x_named_apart",
    "batch k, out n m, batch m -> batch out",
    "`x` 的轴没有与 `W` 的 `n` 对齐，而是各自求和。",
    "The axis of `x` isn't lined up with the `n` of `W`, but summed apart.",
)
contracted(
    "einsum_bilinear",
    "out_in_the_middle",
    "batch n, n out m, batch m -> batch out",
    "`W` 的轴是 `out n m`：`out` 在最前面。",
    "The axes of `W` are `out n m`: `out` comes first.",
)
contracted(
    "einsum_bilinear",
    "out_at_the_end",
    "batch n, n m out, batch m -> batch out",
    "`W` 的轴是 `out n m`：`out` 在最前面，不在最后。",
    "The axes of `W` are `out n m`: `out` comes first, not last.",
)
contracted(
    "einsum_bilinear",
    "without_x",
    "out n m, batch m -> batch out",
    "`x` 没有用上：一次调用可以有三个张量。",
    "`x` isn't used: one call may take three tensors.",
    (1, 2),
)

for _name, _pattern, _zh, _en in (
    (
        "heads_in_front_1",
        "batch seq (heads d) -> heads batch seq d",
        "`batch` 在最前面，然后才是 `heads`。",
        "`batch` comes first, and `heads` after it.",
    ),
    (
        "sequence_cut",
        "batch (seq heads) d -> batch heads seq d",
        "你切的是 `seq`：要切宽度，`(heads d)`。",
        "You cut `seq`: it is the width that is cut, `(heads d)`.",
    ),
    (
        "d_second",
        "batch seq (heads d) -> batch d seq heads",
        "`d` 和 `heads` 对调了：`batch heads seq d`。",
        "`d` and `heads` have changed places: `batch heads seq d`.",
    ),
    (
        "d_third",
        "batch seq (heads d) -> batch seq d heads",
        "右边的顺序不对：`batch heads seq d`。",
        "The order on the right is wrong: it is `batch heads seq d`.",
    ),
    (
        "joined_with_seq",
        "batch seq (heads d) -> batch (heads seq) d",
        "`heads` 和 `seq` 被合成了一个轴：结果有四个轴。",
        "`heads` and `seq` are joined: the result has four axes.",
    ),
):
    known("tidy_1", _name, lambda x, heads, _pattern=_pattern: einops.rearrange(x, _pattern, heads=heads), _zh, _en)
known(
    "tidy_1",
    "repeated_heads",
    lambda x, heads: einops.repeat(x, "batch seq d -> batch heads seq d", heads=heads),
    "每个头都得到了整个宽度：要把宽度切开，`(heads d)`。",
    "Each head has the whole width: cut the width, `(heads d)`.",
)

for _name, _right, _zh, _en in (
    (
        "heads_not_joined",
        "batch heads d",
        "`heads` 与 `d` 还没有合并：`(heads d)`。",
        "`heads` and `d` aren't joined: `(heads d)`.",
    ),
    (
        "joined_with_the_batch",
        "(batch heads) d",
        "`heads` 并进了批次：要与 `d` 合并。",
        "`heads` went into the batch: join it with `d`.",
    ),
    (
        "d_averaged",
        "batch (heads seq)",
        "你平均了 `d`；应当平均的是 `seq`。",
        "You averaged `d`; it is `seq` that is averaged.",
    ),
    (
        "batches_averaged",
        "(heads d)",
        "批次也被平均了：`batch` 要留在右边。",
        "The batch is averaged as well: keep `batch` on the right.",
    ),
    (
        "heads_left",
        "batch heads",
        "`d` 也被平均了：它要与 `heads` 合并。",
        "`d` is averaged as well: join it with `heads`.",
    ),
    (
        "nothing_averaged",
        "batch (heads seq d)",
        "什么也没有平均，`seq` 也合并了：它在右边不出现。",
        "Nothing is averaged, and `seq` is joined as well: it is not found on the right.",
    ),
    ("transposed_2", "(heads d) batch", "结果转置了：先写 `batch`。", "The result is transposed: write `batch` first."),
    (
        "one_per_batch",
        "batch",
        "`heads` 和 `d` 也被平均了：合并它们，只平均 `seq`。",
        "`heads` and `d` are averaged as well: join them, and average `seq` alone.",
    ),
):
    arranged("tidy_2", _name, f"batch heads seq d -> {_right}", _zh, _en, "mean")
arranged(
    "tidy_2",
    "smallest_of_the_sequence",
    "batch heads seq d -> batch (heads d)",
    "这是最小值：对 `seq` 要取平均。",
    "That is the minimum: over `seq` take the mean.",
    "min",
)
arranged(
    "tidy_2",
    "product_of_the_sequence",
    "batch heads seq d -> batch (heads d)",
    "这是乘积：对 `seq` 要取平均。",
    "That is the product: over `seq` take the mean.",
    "prod",
)
known(
    "tidy_2",
    "first_of_the_sequence",
    lambda x: einops.rearrange(x[:, :, 0], "b heads d -> b (heads d)"),
    "只取了第一个位置：对 `seq` 要取平均。",
    "Only the first position is taken: over `seq` take the mean.",
)
known(
    "tidy_2",
    "last_of_the_sequence",
    lambda x: einops.rearrange(x[:, :, -1], "b heads d -> b (heads d)"),
    "只取了最后一个位置：对 `seq` 要取平均。",
    "Only the last position is taken: over `seq` take the mean.",
)
known(
    "tidy_2",
    "divided_by_heads",
    lambda x: einops.reduce(x, "b heads seq d -> b (heads d)", "sum") / x.shape[1],
    "和除以了头的个数：要除以 `seq` 的长度。",
    "The sum is divided by the number of heads: divide by the length of `seq`.",
)

for _left, _part, _told in (
    ("(h dy) (w dx)", "", ("", "")),
    ("(dy h) (dx w)", "_far", ("左边拆反了，", "It is split the wrong way on the left, and ")),
    (
        "(h dy) (dx w)",
        "_far_across",
        ("左边宽度拆反了：`(w dx)`；", "On the left the width is split the wrong way, it is `(w dx)`; "),
    ),
    (
        "(dy h) (w dx)",
        "_far_down",
        ("左边高度拆反了：`(h dy)`；", "On the left the height is split the wrong way, it is `(h dy)`; "),
    ),
):
    for _name, _right, _zh, _en in (
        (
            "right_patches",
            "(h w) (dy dx c)",
            "块内的轴走得快，在左边写在后面。",
            "the axis within a patch runs fast, and comes last on the left.",
        ),
        (
            "channels_in_front",
            "(h w) (c dy dx)",
            "块内的顺序是行、列、通道：`(dy dx c)`。",
            "within a patch the order is row, column, channel: `(dy dx c)`.",
        ),
        (
            "columns_in_front",
            "(h w) (dx dy c)",
            "块内先读完一行像素：`(dy dx c)`。",
            "within a patch a row of pixels is read first: `(dy dx c)`.",
        ),
        (
            "patches_down",
            "(w h) (dy dx c)",
            "小块先从左到右：`(h w)`。",
            "patches go from left to right first: `(h w)`.",
        ),
        (
            "both_down",
            "(w h) (dx dy c)",
            "小块和块内的顺序都反了：`(h w)` 和 `(dy dx c)`。",
            "both orders are reversed: `(h w)` and `(dy dx c)`.",
        ),
        (
            "channels_in_the_middle",
            "(h w) (dy c dx)",
            "块内通道走得最快，写在最后：`(dy dx c)`。",
            "within a patch the channel runs fastest, and comes last: `(dy dx c)`.",
        ),
        (
            "channels_and_columns",
            "(h w) (c dx dy)",
            "块内的顺序完全反了：`(dy dx c)`。",
            "within a patch the order is fully reversed: `(dy dx c)`.",
        ),
        (
            "pixels_for_patches",
            "(dy dx) (h w c)",
            "小块和块内的位置对调了：每行是一块，`(h w) (dy dx c)`。",
            "patches and places within them have changed parts: a row is one patch, `(h w) (dy dx c)`.",
        ),
    ):
        if _part or _name in ("both_down", "channels_in_the_middle", "channels_and_columns", "pixels_for_patches"):
            if (_part, _name) in (("_far", "right_patches"), ("_far", "pixels_for_patches")):
                continue
            _sentence = _told[1] + _en
            known(
                "tidy_3",
                _name + _part,
                lambda images, size, _p=f"b c {_left} -> b {_right}": einops.rearrange(images, _p, dy=size, dx=size),
                _told[0] + _zh,
                _sentence[0].upper() + _sentence[1:],
            )
known(
    "tidy_3",
    "channels_count_as_patches",
    lambda images, size: einops.rearrange(images, "b c (h dy) (w dx) -> b (c h w) (dy dx)", dy=size, dx=size),
    "通道成了另外的小块：`c` 属于块内，`(dy dx c)`。",
    "The channels have become patches: `c` belongs within a patch, `(dy dx c)`.",
)
known(
    "tidy_3",
    "strips",
    lambda images, size: einops.rearrange(images, "b c (h dy) w -> b h (dy w c)", dy=size),
    "只切了高度，得到的是横条：宽度也要切。",
    "Only the height is cut, into strips: cut the width as well.",
)
known(
    "tidy_3",
    "mean_of_each_patch",
    lambda images, size: einops.reduce(images, "b c (h dy) (w dx) -> b (h w) c", "mean", dy=size, dx=size),
    "每块的像素被平均了：它们要一个个留下。",
    "The pixels of each patch are averaged: all of them are kept.",
)
known(
    "tidy_3",
    "cut_by_memory",
    lambda images, size: images.reshape(len(images), -1, size * size * images.shape[1]),
    "`reshape` 按内存的顺序切，切出来的不是小块。",
    "`reshape` cuts in memory's order, which makes no patches.",
)

WV = "b heads src, b src heads d -> "
for _name, _right, _zh, _en in (
    (
        "batches_added_up",
        "heads d",
        "批次被加到了一起：`b` 要留在右边。",
        "The batches are added up: keep `b` on the right.",
    ),
    (
        "src_not_summed",
        "b heads src d",
        "乘过了，还没有求和：右边不要留 `src`。",
        "It is multiplied, not summed: leave no `src` on the right.",
    ),
    (
        "src_not_summed_in_place",
        "b src heads d",
        "加权之后还没有对 `src` 求和。",
        "It is weighted, but not yet summed over `src`.",
    ),
    (
        "heads_before_batches",
        "heads b d",
        "右边的顺序是 `batch heads d`：`batch` 在最前面。",
        "On the right it is `batch heads d`: `batch` comes first.",
    ),
    ("d_added_up", "b heads", "`d` 也被求和了：它要留在右边。", "`d` is summed as well: keep it on the right."),
    (
        "heads_summed_src_kept",
        "b src d",
        "被求和的是 `heads`：应当是 `src`。",
        "It is `heads` that is summed: it should be `src`.",
    ),
    (
        "batch_for_src",
        "src heads d",
        "被求和的是批次：应当是 `src`。",
        "It is the batch that is summed: it should be `src`.",
    ),
):
    contracted("tidy_4", _name, WV + _right, _zh, _en)
contracted(
    "tidy_4",
    "values_named_wrongly",
    "b heads src, b heads src d -> b heads d",
    "`values` 的轴是 `batch src heads d`：你把中间两个的名字写反了。",
    "The axes of `values` are `batch src heads d`: you swapped the names of the two in the middle.",
)
contracted(
    "tidy_4",
    "values_of_all_batches",
    "b heads src, other src heads d -> b heads d",
    "`values` 的批次轴换了名字，就被求和了：两处都叫 `batch`。",
    "With another name for the batch of `values` it is summed: call both `batch`.",
)
contracted(
    "tidy_4",
    "weights_of_all_batches",
    "other heads src, b src heads d -> b heads d",
    "`weights` 的批次轴换了名字，就被求和了：两处都叫 `batch`。",
    "With another name for the batch of `weights` it is summed: call both `batch`.",
)
known(
    "tidy_4",
    "over_the_sum_of_weights",
    lambda weights, values: (
        solutions.tidy_4(weights, values) / einops.reduce(weights, "b heads src -> b heads 1", "sum")
    ),
    "多除以了权重之和：这里是加权求和，不是加权平均。",
    "It is divided by the sum of the weights: a weighted sum is wanted, and no weighted mean.",
)
known(
    "tidy_4",
    "weights_by_softmax",
    lambda weights, values: solutions.tidy_4(weights.softmax(-1), values),
    "权重又取了 softmax：原样相乘。",
    "The weights have gone through a softmax: multiply by them as they are.",
)
known(
    "tidy_4",
    "positive_weights",
    lambda weights, values: solutions.tidy_4(weights.abs(), values),
    "权重取了绝对值：它们可以是负数。",
    "The weights are taken absolutely: they may be negative.",
)
known(
    "tidy_4",
    "weights_squared",
    lambda weights, values: solutions.tidy_4(weights**2, values),
    "权重乘了两次。",
    "The weights are multiplied twice.",
)
known(
    "tidy_4",
    "plain_mean",
    lambda weights, values: einops.reduce(values, "b src heads d -> b heads d", "mean"),
    "这是普通的平均：`weights` 没有用上。",
    "That is the plain mean: `weights` isn't used.",
)
known(
    "tidy_4",
    "largest_product",
    lambda weights, values: einops.reduce(
        einops.rearrange(weights, "b heads src -> b src heads 1") * values, "b src heads d -> b heads d", "max"
    ),
    "这是加权之后的最大值：要求和。",
    "That is the largest weighted value: the sum is wanted.",
)
known(
    "tidy_4",
    "first_source",
    lambda weights, values: solutions.tidy_4(weights[..., :1], values[:, :1]),
    "只用了第一个 `src`：全部都要加上。",
    "Only the first `src` is used: add all of them.",
)
known(
    "tidy_4",
    "last_source_left_out",
    lambda weights, values: solutions.tidy_4(weights[..., :-1], values[:, :-1]),
    "最后一个 `src` 没有加上。",
    "The last `src` is left out.",
)
known(
    "tidy_4",
    "row_axis_left",
    lambda weights, values: einops.rearrange(solutions.tidy_4(weights, values), "b heads d -> b heads 1 d"),
    "矩阵相乘留下了一个长度为 1 的轴：用 `rearrange` 去掉它。",
    "The product leaves an axis of length 1: drop it by `rearrange`.",
)
