"""The figures of the einops lesson: plotly, offline, in the learner's language."""

from collections.abc import Callable, Mapping

import plotly.graph_objects as go
import torch
from jaxtyping import Float
from plotly.subplots import make_subplots
from torch import Tensor

from coach import say
from coach.figures import BLUE, ORANGE, RED, finish
from part0_einops.pictures import TARGETS, coloured_digits

# two hues from dark to light, three shades each: the hue says which picture a number is in, the shade which column
HUES = [["#7FB3DA", "#A9CDE8", "#D3E6F4"], ["#EBA96B", "#F2C79D", "#F9E4CF"]]
CORNERS = ["#A9CDE8", "#F2C79D", "#A5DCC6", "#EBC9DC"]
PALE, RESULT = "#F0F0F0", "#F6E58D"


def _cell(figure: go.Figure, x: float, y: float, text: str, colour: str) -> None:
    """One cell of a table, its centre at (x, y)."""
    corners = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
    figure.add_shape(
        type="rect", fillcolor=colour, line={"color": "#555555", "width": 1}, label={"text": text}, **corners
    )


def _words(figure: go.Figure, x: float, y: float, text: str, colour: str = "black", size: int = 13) -> None:
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, font={"color": colour, "size": size})


def _table(figure: go.Figure, table: Tensor, left: float, top: float, colours: Mapping[float, str]) -> None:
    """A table of cells, its upper left cell at (left, top); a number's colour says where it came from."""
    for i, row in enumerate(table.tolist()):
        for j, value in enumerate(row):
            _cell(figure, left + j, top - i, f"{value:g}", colours.get(value, RESULT))


def _drawing(figure: go.Figure, title: str, caption: str, x: tuple[float, float], y: tuple[float, float]) -> go.Figure:
    """A drawing without axes, whose cells are squares."""
    figure.update_xaxes(visible=False, range=list(x))
    figure.update_yaxes(visible=False, range=list(y), scaleanchor="x")
    height = round(515 * (y[1] - y[0]) / (x[1] - x[0]))
    return finish(figure, title, caption, height=height + 170, below=20)


def _patterns(
    before: Tensor,
    after: Mapping[str, Tensor],
    colours: Mapping[float, str],
    title: str,
    caption: str,
    computed: bool = False,
) -> go.Figure:
    """On the left what goes in, `h w` or `b h w`; on the right each result, with the pattern under it."""
    figure = go.Figure()
    pictures = before if before.ndim == 3 else before[None]
    count, rows, columns = pictures.shape
    results = {name: result if result.ndim == 2 else result.reshape(1, -1) for name, result in after.items()}
    wide = max(result.shape[1] for result in results.values())
    tall = sum(len(result) + 1.5 for result in results.values())
    high = count * rows + (count - 1) * 0.8
    top = -(tall - 1.5 - high) / 2 if tall - 1.5 > high else 0.0
    for n, picture in enumerate(pictures):
        first = top - n * (rows + 0.8)
        _table(figure, picture, 0, first, colours)
        if count > 1:
            _words(figure, -1.2, first - (rows - 1) / 2, f"b = {n}")
    left, down = columns + 1.4, 0.0
    for name, result in results.items():
        _table(figure, result, left, down, {} if computed else colours)
        _words(figure, left + (result.shape[1] - 1) / 2, down - len(result), f"<b>{name}</b>", BLUE)
        _words(figure, left - 1.1, down - (len(result) - 1) / 2, "→", size=18)
        down -= len(result) + 1.5
    lowest = min(-tall + 1.5, top - high) - 0.4
    return _drawing(figure, title, caption, (-2 if count > 1 else -1, left + wide), (lowest, 0.8))


def joined(x: Float[Tensor, "b h w"], after: Mapping[str, Tensor]) -> go.Figure:
    """Two small pictures and ways of joining their axes."""
    colours = {x[n, i, j].item(): HUES[n][j] for n in range(2) for i in range(x.shape[1]) for j in range(x.shape[2])}
    caption = say(
        zh="颜色说明来自哪一张图，深浅说明来自哪一列。第一种和第二种形状相同：<br>第一种走完一张图的三列才换图，第二种每走一列就换图。",
        en="The hue says which picture a number is from, the shade which column. The first and the second have one shape: the first passes three columns of a picture before the other picture begins, the second changes pictures at every column.",
    )
    title = say(zh="合并：写在后面的走得快", en="Joining: what is written last runs fast")
    return _patterns(x, after, colours, title, caption)


def split(x: Float[Tensor, " n"], after: Mapping[str, Tensor]) -> go.Figure:
    """A row of six numbers and ways of splitting it."""
    colours = {value: (HUES[0] + HUES[1])[i] for i, value in enumerate(x.tolist())}
    caption = say(
        zh="左边的括号怎样读数，右边就怎样摆。第一种先填满一行，第二种先填满一列，<br>都是两行三列，数的位置却不同。",
        en="The bracket on the left says how the numbers are counted off. The first fills a row at a time, the second a column at a time: both have two rows and three columns.",
    )
    return _patterns(x[None], after, colours, say(zh="拆开一个轴", en="Splitting an axis"), caption)


def repeated(x: Float[Tensor, " w"], after: Mapping[str, Tensor]) -> go.Figure:
    """A row of two numbers and ways of repeating it."""
    colours = {x[0].item(): HUES[0][1], x[1].item(): HUES[1][1]}
    caption = say(
        zh="新轴写在 w 后面，它走得快，每个数紧接着再来一遍；<br>写在 w 前面，它走得慢，整行再来一遍。",
        en="With the new axis after w, it runs fast, and each number comes again at once; before w, it runs slowly, and the whole row comes again.",
    )
    title = say(zh="重复：多出来的轴写在哪一边", en="Repeating: on which side the new axis is")
    return _patterns(x[None], after, colours, title, caption)


def reduced(x: Float[Tensor, "b h w"], after: Mapping[str, Tensor]) -> go.Figure:
    """Two small pictures and ways of reducing them."""
    colours = {x[n, i, j].item(): HUES[n][j] for n in range(2) for i in range(x.shape[1]) for j in range(x.shape[2])}
    caption = say(
        zh="黄色的数是算出来的。右边缺哪个轴，就沿哪个轴算：缺 b，两张图对应的格子取平均；<br>缺 h 和 w，一张图只剩一个数。",
        en="Yellow numbers are computed. Whichever axis is missing on the right is averaged over: without b, cells of the two pictures in the same place; without h and w, all of a picture.",
    )
    title = say(zh="归约：右边缺的轴消失", en="Reducing: what is missing on the right is gone")
    return _patterns(x, after, colours, title, caption, computed=True)


def patches(picture: Float[Tensor, "h w"], after: Mapping[str, Tensor]) -> go.Figure:
    """A picture of four patches, and each patch as a row."""
    h, w = picture.shape
    colours = {picture[i, j].item(): CORNERS[i // (h // 2) * 2 + j // (w // 2)] for i in range(h) for j in range(w)}
    caption = say(
        zh="一种颜色是一个小块。右边每个小块占一行：先按行列数小块，再在小块里按行列数像素。",
        en="One colour is one patch. On the right each patch is a row: patches are counted row by row, and so are the pixels within each.",
    )
    return _patterns(picture, after, colours, say(zh="切成小块", en="Cut into patches"), caption)


def beside(reshaped: Float[Tensor, "c h w"], arranged: Float[Tensor, "c h w"]) -> go.Figure:
    """What `reshape` alone makes of the digits, and what they should be."""
    names = [f"reshape<br>{tuple(reshaped.shape)}", f"b c h w → c (b h) w<br>{tuple(arranged.shape)}"]
    figure = make_subplots(1, 2, subplot_titles=names)
    for i, picture in enumerate((reshaped, arranged), 1):
        figure.add_trace(_image(picture), 1, i)
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    caption = say(
        zh="形状相同，也都没有报错。左边的数字叠在一起，颜色错了，顺序也乱了：一个数也没丢，大多却放错了地方。",
        en="One shape, and no error. On the left digits lie on each other in wrong colours: no number is lost, but most are in the wrong place.",
    )
    title = say(zh="形状相同的两幅图", en="Two pictures of one shape")
    return finish(figure, title, caption, height=670, below=15).update_layout(margin={"t": 115})


def summed(A: Float[Tensor, "n d"], B: Float[Tensor, "p d"], out: Float[Tensor, "n p"]) -> go.Figure:
    """`n d, p d -> n p` in three tables: the shared and summed axis in red, one sum marked."""
    figure, (n, d), p = go.Figure(), A.shape, len(B)
    orange, right = HUES[1][1], 2 * d + 4.5
    marked = {(0, 1, j): orange for j in range(d)} | {(1, 0, j): orange for j in range(d)} | {(2, 1, 0): RESULT}
    for which, (table, left, axes) in enumerate(((A, 0.0, "nd"), (B, d + 2.0, "pd"), (out, right, "np"))):
        rows, columns = table.shape
        for i in range(rows):
            for j in range(columns):
                _cell(figure, left + j, -i, f"{table[i, j]:g}", marked.get((which, i, j), PALE))
        _words(figure, left - 0.9, -(rows - 1) / 2, f"<b>{axes[0]}</b>")
        _words(figure, left + (columns - 1) / 2, 0.85, f"<b>{axes[1]}</b>", RED if axes[1] == "d" else "black")
    _words(figure, 2 * d + 2.6, -(n - 1) / 2, "→", size=18)
    terms = " + ".join(f"{a:g}·{b:g}" for a, b in zip(A[1].tolist(), B[0].tolist(), strict=True))
    _words(figure, right + (p - 1) / 2, -n - 0.1, f"{terms} = {out[1, 0]:g}", RED)
    caption = say(
        zh="红色的 d 两边都有，箭头右边没有：橙色的两行逐项相乘，再加起来，得到黄色的一格。<br>n 和 p 留了下来，所以 A 的每一行与 B 的每一行都配一次。",
        en="The red d is on both tables and not to the right of the arrow: the two orange rows are multiplied entry by entry and summed, which gives the yellow cell. n and p are kept, so each row of A meets each row of B.",
    )
    return _drawing(figure, "n d, p d → n p", caption, (-1.6, right + p), (-max(n, p) - 0.2, 1.3))


def _image(picture: Tensor) -> go.Image:
    """A picture `c h w`, or grey as `h w`, with values from 0 to 1."""
    channels = picture.expand(3, *picture.shape) if picture.ndim == 2 else picture
    return go.Image(z=(channels.movedim(0, -1).clamp(0, 1) * 255).round().to(torch.uint8).numpy())


def _result(function: Callable, digits: Tensor) -> tuple[go.Image | None, str]:
    """The learner's picture, and a word on it: a figure must appear whatever the function does."""
    try:
        picture = function(digits)
    except NotImplementedError:
        return None, say(zh="你的：还没有写", en="yours: not written yet")
    except Exception as error:  # the verdict below the figure says more
        return None, say(zh=f"你的：{type(error).__name__}", en=f"yours: {type(error).__name__}")
    if not isinstance(picture, Tensor) or not (picture.ndim == 2 or picture.ndim == 3 and len(picture) == 3):
        kind = tuple(picture.shape) if isinstance(picture, Tensor) else type(picture).__name__
        return None, say(zh=f"你的：{kind}，不是图片", en=f"yours: {kind}, no picture")
    return _image(picture.detach()), say(zh=f"你的 {tuple(picture.shape)}", en=f"yours {tuple(picture.shape)}")


def puzzle(number: int, function: Callable) -> go.Figure:
    """The target of a puzzle and what `function` makes of the digits: side by side, or one above the other if wide."""
    digits = coloured_digits()
    target = TARGETS[number](digits)
    image, word = _result(function, digits)
    wide = target.shape[-1] > 3 * target.shape[-2]
    rows, cols = (2, 1) if wide else (1, 2)
    names = [say(zh="目标", en="target") + f" {tuple(target.shape)}", word]
    figure = make_subplots(rows, cols, subplot_titles=names, vertical_spacing=0.3)
    figure.add_trace(_image(target), 1, 1)
    blank = torch.full_like(target, 0.93)
    figure.add_trace(image or _image(blank), rows, cols)
    figure.update_xaxes(title=say(zh="列", en="column"), constrain="domain")
    figure.update_yaxes(title=say(zh="行", en="row"), constrain="domain")
    caption = say(zh="两幅图要一模一样：形状也要相同。", en="The two must be the same picture, of the same shape.")
    title = say(zh=f"谜题 {number}：目标和你的", en=f"Puzzle {number}: target and yours")
    return finish(figure, title, caption, width=680, height=480 if wide else 430)


def weeks(temps: Float[Tensor, " days"], averages: Float[Tensor, " weeks"]) -> go.Figure:
    """Daily temperatures, with the average of each week as a step."""
    figure = go.Figure()
    days, steps = list(range(1, len(temps) + 1)), averages.repeat_interleave(7).tolist()
    daily = {"mode": "lines+markers", "line": {"color": BLUE, "width": 1}, "name": say(zh="每天", en="each day")}
    weekly = {"mode": "lines", "line": {"color": ORANGE, "width": 4, "shape": "hvh"}}
    figure.add_scatter(x=days, y=temps.tolist(), **daily)
    figure.add_scatter(x=days, y=steps, name=say(zh="一周的平均", en="the week's average"), **weekly)
    figure.update_xaxes(title=say(zh="天", en="day"))
    figure.update_yaxes(title=say(zh="温度（°C）", en="temperature (°C)"))
    caption = say(
        zh="橙线每 7 天一级：它就是 temperatures_average 的结果。",
        en="The orange line has one step per 7 days: what temperatures_average returns.",
    )
    return finish(figure, say(zh="四周的温度", en="Four weeks of temperatures"), caption, width=680, height=430)


def scores(matrix: Float[Tensor, "pos src"]) -> go.Figure:
    """Attention scores of one head: a row per query, a column per key."""
    figure = go.Figure(
        go.Heatmap(z=matrix.tolist(), colorscale="Cividis", colorbar={"title": say(zh="分数", en="score")})
    )
    figure.update_xaxes(title=say(zh="键的位置 src", en="key's position src"))
    figure.update_yaxes(title=say(zh="查询的位置 pos", en="query's position pos"), autorange="reversed")
    caption = say(
        zh="这里的查询就是错开一位的键，所以最亮的格子排成一条斜线；第一个查询是最后一个键，它那一格在右上角。",
        en="Here each query is the key one step before, so the brightest cells form a slanted line; the first query is the last key, and its cell is in the upper right corner.",
    )
    return finish(
        figure, say(zh="一个头的注意力分数", en="Attention scores of one head"), caption, width=680, height=480
    )
