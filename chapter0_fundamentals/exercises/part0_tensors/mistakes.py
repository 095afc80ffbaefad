"""The wrong answers of the tensor lesson, each explained in a sentence."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coach import mistake
from part0_tensors import solutions


@mistake(
    "ScaleShift",
    zh="普通张量不会登记成参数：用 `nn.Parameter` 包住它们。",
    en="Plain tensors are not registered as parameters: wrap them in `nn.Parameter`.",
)
class PlainTensors(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = torch.ones(d), torch.zeros(d)

    def forward(self, x):
        return x * self.scale + self.shift


@mistake(
    "ScaleShift",
    zh="`scale` 从 0 开始，会把输入全部抹掉：从 1 开始。",
    en="A `scale` that begins at 0 wipes out its input: begin at 1.",
)
class ScaleOfZeros(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.zeros(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return x * self.scale + self.shift


@mistake(
    "ScaleShift",
    zh="次序反了：先乘 `scale`，再加 `shift`。",
    en="The order is turned round: multiply by `scale`, then add `shift`.",
)
class ShiftedFirst(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return (x + self.shift) * self.scale


@mistake(
    "ScaleShift",
    zh="少了 `super().__init__()`：模块还没有登记参数的地方。",
    en="`super().__init__()` is missing: the module has no place yet to register parameters.",
)
class WithoutSuper(nn.Module):
    def __init__(self, d):
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return x * self.scale + self.shift


@mistake(
    "ScaleShift",
    zh="`forward` 里用了 `.data`：梯度到不了参数，它们永远不会被训练。",
    en="`forward` uses `.data`: no gradient reaches the parameters, and they are never trained.",
)
class CutOff(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return x * self.scale.data + self.shift.data


@mistake(
    "flat_position",
    zh="每一步走一个步长，不是一个元素：下标要乘以步长。",
    en="A step walks one stride, not one element: multiply each index by its stride.",
)
def rows_of_ones(index, stride, offset):
    return offset + sum(index)


@mistake(
    "flat_position",
    zh="张量不一定从内存的开头读起：还要加上起点。",
    en="A tensor need not begin where its memory does: add the offset.",
)
def without_offset(index, stride, offset):
    return sum(i * s for i, s in zip(index, stride, strict=True))


@mistake(
    "flat_position",
    zh="步长的次序反了：第 i 个下标配第 i 个步长。",
    en="The strides are turned round: the i-th index goes with the i-th stride.",
)
def strides_reversed(index, stride, offset):
    return offset + sum(i * s for i, s in zip(index, reversed(stride), strict=True))


@mistake(
    "predict_gradients",
    zh="`x` 不要求梯度，反向传播不为它算梯度。",
    en="`x` doesn't require gradients, so none is computed for it.",
)
def x_has_one():
    return solutions.predict_gradients() | {"x": [1.0, 2.0]}


@mistake(
    "predict_gradients",
    zh="`y` 是算出来的，不是叶子：它的梯度用完就扔。",
    en="`y` was computed, it is no leaf: its gradient is dropped after use.",
)
def y_has_one():
    return solutions.predict_gradients() | {"y": [1.0, 1.0]}


@mistake(
    "predict_gradients",
    zh="第二次的梯度是加上去的，不是换上去的。",
    en="The second gradient is added to the first, it doesn't replace it.",
)
def replaced():
    return solutions.predict_gradients() | {"w, again": [3.0, 4.0]}


@mistake(
    "predict_gradients",
    zh="`zero_grad()` 之后，旧的梯度就没有了。",
    en="After `zero_grad()` the old gradient is gone.",
)
def never_cleared():
    return solutions.predict_gradients() | {"w, cleared": [6.0, 8.0]}


@mistake(
    "predict_gradients",
    zh="如今的 `zero_grad()` 默认不写 0，而是把 `.grad` 整个拿掉。",
    en="Today `zero_grad()` writes no zeros unless told: it takes `.grad` away altogether.",
)
def zeros_left():
    return solutions.predict_gradients() | {"w, cleared": [0.0, 0.0]}


@mistake(
    "predict_gradients",
    zh="对 `w * x` 求 `w` 的导数，得到的是 `x`，不是 `w`。",
    en="The derivative of `w * x` in `w` is `x`, not `w`.",
)
def gradient_is_w():
    return solutions.predict_gradients() | {"w": [1.0, 2.0]}


@mistake(
    "sgd_step",
    zh="`p = p - …` 造出一个新张量，参数本身没有动：就地修改。",
    en="`p = p - …` makes a new tensor, and the parameter stays as it was: change it in place.",
)
def new_names(params, lr):
    for p in params:
        if p.grad is not None:
            p = p - lr * p.grad


@mistake(
    "sgd_step",
    zh="走反了：梯度指向上坡，要减去它。",
    en="The wrong way: the gradient points uphill, so take it away.",
)
def uphill(params, lr):
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p += lr * p.grad


@mistake(
    "sgd_step",
    zh="要求梯度的叶子不许这样修改：放进 `torch.no_grad()` 里。",
    en="A leaf that requires gradients can't be changed like this: do it within `torch.no_grad()`.",
)
def in_the_graph(params, lr):
    for p in params:
        if p.grad is not None:
            p -= lr * p.grad


@mistake(
    "sgd_step",
    zh="梯度还要乘以学习率 `lr`。",
    en="The gradient must be multiplied by `lr`.",
)
def without_lr(params, lr):
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= p.grad


@mistake(
    "sgd_step",
    zh="有的参数没有梯度，`p.grad` 是 `None`：跳过它。",
    en="Some parameters have no gradient, and `p.grad` is `None`: skip those.",
)
def every_one_has_a_gradient(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad


@mistake(
    "sgd_step",
    zh="清零是 `zero_grad()` 的事：这一步不碰梯度。",
    en="Clearing is the work of `zero_grad()`: the step leaves gradients alone.",
)
def clears_too(params, lr):
    solutions.sgd_step(params, lr)
    for p in params:
        p.grad = None


@mistake(
    "parameter_or_hyperparameter",
    zh="学习率是你在训练之前选定的，梯度下降不会改动它。",
    en="You choose the learning rate before training, and gradient descent doesn't change it.",
)
def learned_rate():
    return solutions.parameter_or_hyperparameter() | {"the learning rate": "parameter"}


@mistake(
    "parameter_or_hyperparameter",
    zh="层数决定模型有哪些参数，它自己不是参数：训练不会改动它。",
    en="How many layers there are decides which parameters exist; it is none itself, for training leaves it alone.",
)
def layers_as_parameters():
    return solutions.parameter_or_hyperparameter() | {"the number of layers": "parameter"}


@mistake(
    "parameter_or_hyperparameter",
    zh="嵌入的每一行都由训练决定；有几行、每行多宽，才是你选的。",
    en="The rows of an embedding are trained; how many there are, and how wide, is what you choose.",
)
def embedding_chosen():
    return solutions.parameter_or_hyperparameter() | {"the rows of an embedding": "hyperparameter"}


@mistake(
    "parameter_or_hyperparameter",
    zh="滑动平均是缓冲区：随数据更新，没有梯度。",
    en="A running mean is a buffer: it follows the data, and has no gradient.",
)
def buffer_as_parameter():
    return solutions.parameter_or_hyperparameter() | {"the running mean of a BatchNorm": "parameter"}


@mistake(
    "parameter_or_hyperparameter",
    zh="训练图片是数据，不是训练过程的设定。",
    en="The training pictures are data, not a setting of the training.",
)
def data_chosen():
    return solutions.parameter_or_hyperparameter() | {"the training pictures": "hyperparameter"}


@mistake(
    "predict_dtypes",
    zh="Python 的浮点数是双精度，PyTorch 造张量时却默认单精度。",
    en="A Python float is double, yet PyTorch makes single precision of it unless told.",
)
def double_by_default():
    return solutions.predict_dtypes() | {"floats": ("float64", "float64")}


@mistake(
    "predict_dtypes",
    zh="`/` 总是给出浮点数；取整的除法是 `//`。",
    en="`/` always gives floats; the whole quotient is `//`.",
)
def whole_quotient():
    return solutions.predict_dtypes() | {"quotient": ("float64", "int64")}


@mistake(
    "predict_dtypes",
    zh="int64 里的大数 float32 装不下，所以 NumPy 升到 float64；PyTorch 不管，只看浮点那一方。",
    en="float32 can't hold every int64, so NumPy goes up to float64; PyTorch looks at the floats alone.",
)
def numpy_keeps_single():
    return solutions.predict_dtypes() | {"mixed": ("float32", "float32")}


@mistake(
    "predict_dtypes",
    zh="PyTorch 里整数不会抬高浮点数的精度。",
    en="In PyTorch integers do not raise the precision of floats.",
)
def torch_goes_up():
    return solutions.predict_dtypes() | {"mixed": ("float64", "float64")}


@mistake(
    "predict_dtypes",
    zh="`from_numpy` 共用内存，类型也就不变：float64 还是 float64。",
    en="`from_numpy` shares memory, so the type stays: float64 is float64.",
)
def crossing_converts():
    return solutions.predict_dtypes() | {"crossing": ("float32", "float32")}


@mistake(
    "predict_dtypes",
    zh="PyTorch 不肯替你选浮点类型：整数张量没有 `mean()`，先写 `.float()`。",
    en="PyTorch won't choose a float type for you: integers have no `mean()`, say `.float()` first.",
)
def whole_mean():
    return solutions.predict_dtypes() | {"mean": (1.5, 1.5)}


@mistake(
    "predict_numbers",
    zh="`torch.std` 默认除以 n - 1。",
    en="`torch.std` divides by n - 1 unless told.",
)
def both_biased():
    return solutions.predict_numbers() | {"std": (1.0, 1.0)}


@mistake(
    "predict_numbers",
    zh="`np.std` 默认除以 n。",
    en="`np.std` divides by n unless told.",
)
def both_unbiased():
    return solutions.predict_numbers() | {"std": (1.414, 1.414)}


@mistake(
    "predict_numbers",
    zh="个数为偶数时，`torch.median` 取中间较小的那一个，不取平均。",
    en="For an even number `torch.median` takes the lesser of the middle two, not their mean.",
)
def middle_of_two():
    return solutions.predict_numbers() | {"median": (2.0, 2.0)}


@mistake(
    "predict_numbers",
    zh="`np.repeat` 让每个元素连着出现；整体重复是 `np.tile`。",
    en="`np.repeat` has each element come again at once; the whole is repeated by `np.tile`.",
)
def repeat_as_tile():
    return solutions.predict_numbers() | {"repeat": ([1.0, 3.0, 1.0, 3.0], [1.0, 3.0, 1.0, 3.0])}


@mistake(
    "predict_numbers",
    zh="张量的 `repeat` 重复整体；逐个重复是 `repeat_interleave`。",
    en="A tensor's `repeat` repeats the whole; element by element it is `repeat_interleave`.",
)
def repeat_interleaved():
    return solutions.predict_numbers() | {"repeat": ([1.0, 1.0, 3.0, 3.0], [1.0, 1.0, 3.0, 3.0])}


@mistake(
    "predict_numbers",
    zh="PyTorch 的 `split(2)` 说的是每段 2 个，不是 2 段。",
    en="PyTorch's `split(2)` means pieces of 2, not 2 pieces.",
)
def two_pieces():
    return solutions.predict_numbers() | {"split": ([3, 3], [3, 3])}


@mistake(
    "predict_numbers",
    zh="张量的 `size()` 是形状；元素个数是 `numel()`。",
    en="A tensor's `size()` is its shape; the number of elements is `numel()`.",
)
def size_counts():
    return solutions.predict_numbers() | {"size": (6, 6)}


@mistake(
    "predict_calls",
    zh="PyTorch 也听得懂 `axis`；听不懂 `dim` 的是 NumPy。",
    en="PyTorch understands `axis` as well; it is NumPy that doesn't know `dim`.",
)
def no_axis_in_torch():
    return solutions.predict_calls() | {"axis or dim": ("TypeError", "TypeError")}


@mistake(
    "predict_calls",
    zh="NumPy 没有叫 `dim` 的参数。",
    en="NumPy has no argument called `dim`.",
)
def dim_in_numpy():
    return solutions.predict_calls() | {"axis or dim": ([4, 6], [4, 6])}


@mistake(
    "predict_calls",
    zh="给了 `dim`，`torch` 的 `max` 连下标一起返回；只要值，用 `amax`。",
    en="Given `dim`, `max` of a tensor returns indices as well; for the values alone there is `amax`.",
)
def values_alone():
    return solutions.predict_calls() | {"max": ([2, 4], [2, 4])}


@mistake(
    "predict_calls",
    zh="PyTorch 不会替你摊平：`cumsum` 一定要写 `dim`。",
    en="PyTorch doesn't flatten for you: `cumsum` needs its `dim`.",
)
def flattened_by_torch():
    return solutions.predict_calls() | {"cumsum": ([1, 3, 6, 10], [1, 3, 6, 10])}


@mistake(
    "predict_calls",
    zh="`torch.dot` 只管两个向量；矩阵相乘用 `@`。",
    en="`torch.dot` is for two vectors only; matrices are multiplied by `@`.",
)
def dot_of_matrices():
    return solutions.predict_calls() | {"dot": ([[7, 10], [15, 22]], [[7, 10], [15, 22]])}


@mistake(
    "predict_calls",
    zh="`torch.nonzero` 每行是一个元素的坐标；要按轴分开，写 `as_tuple=True`。",
    en="Each row of `torch.nonzero` is one element's coordinates; by axis it is with `as_tuple=True`.",
)
def nonzero_by_axis():
    return solutions.predict_calls() | {"nonzero": (([0, 1, 1], [1, 0, 1]), ([0, 1, 1], [1, 0, 1]))}


@mistake(
    "predict_calls",
    zh="数组的 `sort()` 就地排序，返回 `None`；`np.sort` 才返回新的。",
    en="An array's `sort()` sorts in place and returns `None`; `np.sort` is what returns a new one.",
)
def sort_returns():
    return solutions.predict_calls() | {"sort": ([1, 2, 3], ([1, 2, 3], [1, 2, 0]))}


@mistake(
    "predict_calls",
    zh="张量的 `sort()` 不改动自己，返回值和下标；就地的方法名以 `_` 结尾。",
    en="A tensor's `sort()` leaves it alone and returns values and indices; what works in place ends in `_`.",
)
def sorted_in_place():
    return solutions.predict_calls() | {"sort": (None, None)}


@mistake(
    "predict_memory",
    zh="PyTorch 没有负的步长，`flip` 只好拷贝。",
    en="PyTorch has no negative strides, so `flip` must copy.",
)
def flipped_view():
    return solutions.predict_memory() | {"flip": (True, True)}


@mistake(
    "predict_memory",
    zh="`x[::-1]` 在 PyTorch 里直接报错：步长必须为正。",
    en="`x[::-1]` is an error in PyTorch: a step must be positive.",
)
def negative_step():
    return solutions.predict_memory() | {"backwards": (True, True)}


@mistake(
    "predict_memory",
    zh="`astype` 默认总是拷贝，哪怕类型没有变。",
    en="`astype` copies unless told, even where the type stays.",
)
def astype_as_view():
    return solutions.predict_memory() | {"same dtype": (True, True)}


@mistake(
    "predict_memory",
    zh="类型和设备都已符合时，`to` 返回张量自己。",
    en="If type and device fit already, `to` returns the tensor itself.",
)
def to_as_copy():
    return solutions.predict_memory() | {"same dtype": (False, False)}


@mistake(
    "predict_memory",
    zh="`x[0]` 仍是张量，零维的视图，会跟着变；要数，用 `.item()`。",
    en="`x[0]` is still a tensor, a view without axes, and follows; for the number there is `.item()`.",
)
def number_from_tensor():
    return solutions.predict_memory() | {"one element": (False, False)}


@mistake(
    "predict_memory",
    zh="`a[0]` 是一个独立的数，不再跟着数组变。",
    en="`a[0]` is a number by itself, and no longer follows the array.",
)
def number_as_view():
    return solutions.predict_memory() | {"one element": (True, True)}


@mistake(
    "predict_memory",
    zh="`torch.tensor(a)` 总是拷贝。",
    en="`torch.tensor(a)` always copies.",
)
def tensor_as_view():
    return solutions.predict_memory() | {"from NumPy": (True, True)}


@mistake(
    "predict_memory",
    zh="`torch.from_numpy(a)` 与 `a` 共用内存。",
    en="`torch.from_numpy(a)` shares memory with `a`.",
)
def from_numpy_as_copy():
    return solutions.predict_memory() | {"from NumPy": (False, False)}


@mistake(
    "port_summary",
    zh="标准差大了一点：`np.std` 除以 n，`torch.std` 默认除以 n - 1。",
    en="The deviation is a little large: `np.std` divides by n, `torch.std` by n - 1 unless told.",
)
def unbiased(x):
    return torch.stack([x.amax(1), x.std(1), x.quantile(0.5, dim=1)], dim=1)


@mistake(
    "port_summary",
    zh="个数为偶数时，`torch.median` 取较小的那一个。",
    en="For an even number `torch.median` takes the lesser of the middle two.",
)
def lower_median(x):
    return torch.stack([x.amax(1), x.std(1, correction=0), x.median(dim=1).values], dim=1)


@mistake(
    "port_summary",
    zh="`x.max(dim=1)` 是值和下标两样东西：取 `.values`，或者用 `amax`。",
    en="`x.max(dim=1)` is two things, values and indices: take `.values`, or use `amax`.",
)
def max_with_indices(x):
    return torch.stack([x.max(dim=1), x.std(1, correction=0), x.quantile(0.5, dim=1)], dim=1)


@mistake(
    "port_summary",
    zh="三个量应当是三列：`stack` 要写 `dim=1`。",
    en="The three are columns: `stack` needs `dim=1`.",
)
def stacked_as_rows(x):
    return torch.stack([x.amax(1), x.std(1, correction=0), x.quantile(0.5, dim=1)])


@mistake(
    "port_mirror",
    zh="张量的 `repeat` 把整幅图又摆了一份：逐行重复用 `repeat_interleave`。",
    en="A tensor's `repeat` puts the whole picture twice: row by row it is `repeat_interleave`.",
)
def tiled(images):
    return images.flip(-1).repeat(1, 2, 1)


@mistake(
    "port_mirror",
    zh="还没有左右翻转：对最后一个轴用 `flip`。",
    en="It isn't turned left to right yet: `flip` the last axis.",
)
def not_mirrored(images):
    return images.repeat_interleave(2, dim=1)


@mistake(
    "port_mirror",
    zh="你上下翻转了：宽度是最后一个轴。",
    en="You turned it upside down: width is the last axis.",
)
def upside_down(images):
    return images.flip(1).repeat_interleave(2, dim=1)


@mistake(
    "port_mirror",
    zh="重复的是行，不是列：`dim=1`。",
    en="It is rows that are doubled, not columns: `dim=1`.",
)
def columns_doubled(images):
    return images.flip(-1).repeat_interleave(2, dim=2)


@mistake(
    "normalize_rows",
    zh="你除以了每一列的长度：`dim=1` 才是沿着一行求和。",
    en="You divided by the length of each column: `dim=1` sums along a row.",
)
def columns_normalised(matrix):
    return matrix / matrix.norm(dim=0, keepdim=True)


@mistake(
    "normalize_rows",
    zh="这是绝对值之和，不是长度：长度是平方和再开方。",
    en="That is the sum of absolute values; a length is the root of the sum of squares.",
)
def by_the_sum(matrix):
    return matrix / matrix.abs().sum(dim=1, keepdim=True)


@mistake(
    "normalize_rows",
    zh="平方和还要开方。",
    en="The sum of squares still needs its root.",
)
def without_root(matrix):
    return matrix / (matrix**2).sum(dim=1, keepdim=True)


@mistake(
    "normalize_rows",
    zh="你除以了整个矩阵的长度：每一行有自己的。",
    en="You divided by the length of the whole matrix: each row has its own.",
)
def whole_length(matrix):
    return matrix / matrix.norm()


@mistake(
    "normalize_rows",
    zh="全 0 的行变成了 NaN：0 除以 0。",
    en="A row of zeros has become NaN: zero over zero.",
)
def zero_over_zero(matrix):
    return matrix / matrix.norm(dim=1, keepdim=True)


@mistake(
    "normalize_rows",
    zh="给长度加上一个小数，会改变每一行，短的行改得最多：只处理长度为 0 的行。",
    en="A little added to the length changes every row, short ones most: treat only rows of length 0.",
)
def length_plus_a_little(matrix):
    return matrix / (matrix.norm(dim=1, keepdim=True) + 1e-3)


@mistake(
    "cos_sim_matrix",
    zh="这是内积：先把每一行变成单位长度。",
    en="Those are inner products: make each row of unit length first.",
)
def not_normalised(matrix):
    return matrix @ matrix.T


@mistake(
    "cos_sim_matrix",
    zh="只有一边除以了长度：两边都要。",
    en="Only one side is divided by its length: both must be.",
)
def one_side_only(matrix):
    return solutions.normalize_rows(matrix) @ matrix.T


@mistake(
    "cos_sim_matrix",
    zh="你比较的是列：结果应当是 `m m`，每一行配每一行。",
    en="You compared columns: the result is `m m`, each row with each row.",
)
def columns_compared(matrix):
    rows = solutions.normalize_rows(matrix.T)
    return rows @ rows.T


@mistake(
    "cos_sim_matrix",
    zh="全 0 的行给出了 NaN：用 `normalize_rows`。",
    en="A row of zeros gives NaN: use `normalize_rows`.",
)
def zero_row_nan(matrix):
    rows = matrix / matrix.norm(dim=1, keepdim=True)
    return rows @ rows.T


@mistake(
    "sample_distribution",
    zh="每一类一样多：`probs` 没有用上。",
    en="All categories are equally frequent: `probs` is not used.",
)
def uniform(probs, n):
    return torch.randint(len(probs), (n,))


@mistake(
    "sample_distribution",
    zh="你总是选最可能的一类：抽样要按概率，不是取最大。",
    en="You always choose the likeliest: draw by probability, don't take the maximum.",
)
def likeliest(probs, n):
    return torch.full((n,), int(probs.argmax()))


@mistake(
    "sample_distribution",
    zh="比较的方向反了：要数随机数越过了几个右端。",
    en="The comparison is the wrong way round: count the right ends that the number has passed.",
)
def counted_from_the_right(probs, n):
    return (torch.rand(n, 1) < probs.cumsum(0)).sum(1)


@mistake(
    "sample_distribution",
    zh="各类的数目对了，次序却是排好的：每次抽样都要互不相干。",
    en="The counts are right, but in order: each draw must be by itself.",
)
def in_order(probs, n):
    return torch.arange(len(probs)).repeat_interleave((probs * n).round().long())[:n]


@mistake(
    "sample_distribution",
    zh="`torch.multinomial` 默认不放回，抽不了那么多：写 `replacement=True`。",
    en="`torch.multinomial` doesn't put back unless told, and can't draw so many: `replacement=True`.",
)
def without_replacement(probs, n):
    return torch.multinomial(probs, n)


@mistake(
    "classifier_accuracy",
    zh="这是答对的个数，要的是比例。",
    en="That is how many are right; the share is wanted.",
)
def count_of_right_ones(scores, true_classes):
    return (scores.argmax(1) == true_classes).float().sum()


@mistake(
    "classifier_accuracy",
    zh="这是错误率。",
    en="That is the share of errors.",
)
def share_of_errors(scores, true_classes):
    return (scores.argmax(1) != true_classes).float().mean()


@mistake(
    "classifier_accuracy",
    zh="你在每一列里找最大：每个样本是一行，`dim=1`。",
    en="You looked along columns: an example is a row, `dim=1`.",
)
def along_the_batch(scores, true_classes):
    return (scores.argmax(0)[: len(true_classes)] == true_classes[: scores.shape[1]]).float().mean()


@mistake(
    "classifier_accuracy",
    zh="你取了分数最低的类：`argmax`。",
    en="You took the class with the lowest score: `argmax`.",
)
def lowest_score(scores, true_classes):
    return (scores.argmin(1) == true_classes).float().mean()


@mistake(
    "total_price_indexing",
    zh="同一件商品买几次，就要付几次钱。",
    en="What is bought several times is paid for several times.",
)
def each_item_once_indexing(prices, items):
    return prices[items.unique()].sum().item()


@mistake(
    "total_price_indexing",
    zh="你把商品的编号加起来了：要的是价格。",
    en="You added the items' numbers: their prices are wanted.",
)
def numbers_added_indexing(prices, items):
    return float(items.sum())


@mistake(
    "total_price_indexing",
    zh="返回的还是张量：用 `.item()` 变成 Python 的数。",
    en="It is still a tensor: `.item()` makes it a Python number.",
)
def still_a_tensor_indexing(prices, items):
    return prices[items].sum()


@mistake(
    "total_price_indexing",
    zh="你加的是前几个价格，没有看 `items` 里的编号。",
    en="You added the first prices, without looking at the numbers in `items`.",
)
def first_prices_indexing(prices, items):
    return prices[: len(items)].sum().item()


@mistake(
    "total_price_gather",
    zh="同一件商品买几次，就要付几次钱。",
    en="What is bought several times is paid for several times.",
)
def each_item_once_gather(prices, items):
    return prices[items.unique()].sum().item()


@mistake(
    "total_price_gather",
    zh="你把商品的编号加起来了：要的是价格。",
    en="You added the items' numbers: their prices are wanted.",
)
def numbers_added_gather(prices, items):
    return float(items.sum())


@mistake(
    "total_price_gather",
    zh="返回的还是张量：用 `.item()` 变成 Python 的数。",
    en="It is still a tensor: `.item()` makes it a Python number.",
)
def still_a_tensor_gather(prices, items):
    return prices[items].sum()


@mistake(
    "total_price_gather",
    zh="你加的是前几个价格，没有看 `items` 里的编号。",
    en="You added the first prices, without looking at the numbers in `items`.",
)
def first_prices_gather(prices, items):
    return prices[: len(items)].sum().item()


@mistake(
    "gather_2d",
    zh="`dim=0` 替换的是行号：这里换的是列号，`dim=1`。",
    en="`dim=0` replaces the row; it is the column that is replaced, `dim=1`.",
)
def rows_gathered(matrix, indexes):
    return matrix.gather(0, indexes)


@mistake(
    "gather_2d",
    zh="`take` 在摊平的张量里数，总是取到前几个：要在自己那一行里数。",
    en="`take` counts in the flattened tensor: count within each row.",
)
def flat_positions(matrix, indexes):
    return matrix.take(indexes)


@mistake(
    "gather_2d",
    zh="`matrix[indexes]` 取的是整行：只给了第一个轴的下标。",
    en="`matrix[indexes]` takes whole rows: you index the first axis alone.",
)
def whole_rows(matrix, indexes):
    return matrix[indexes]


@mistake(
    "gather_2d",
    zh="每一行有自己的列号，不都与第一行的相同。",
    en="Each row has columns of its own, not all those of the first.",
)
def same_columns_everywhere(matrix, indexes):
    return matrix[:, indexes[0]]


@mistake(
    "integer_array_indexing",
    zh="坐标的次序反了：第一个数属于第一个轴。",
    en="The coordinates are turned round: the first number belongs to the first axis.",
)
def coordinates_reversed(matrix, coords):
    return matrix[tuple(coords.flip(1).T)]


@mistake(
    "integer_array_indexing",
    zh="`matrix[coords]` 把所有的数都当作第一个轴的下标：拆成一个元组，每个轴一个张量。",
    en="`matrix[coords]` takes all numbers for indices of the first axis: make a tuple, one tensor per axis.",
)
def rows_of_coordinates(matrix, coords):
    return matrix[coords]


@mistake(
    "integer_array_indexing",
    zh="只照顾了两个轴：有几个轴，由 `coords` 的列数决定。",
    en="This is for two axes only: how many there are is told by the columns of `coords`.",
)
def two_axes_only(matrix, coords):
    return matrix[coords[:, 0], coords[:, 1]]


@mistake(
    "integer_array_indexing",
    zh="`tuple(coords)` 按行拆开，一行是一个元素；要按列拆，一列是一个轴。",
    en="`tuple(coords)` splits into rows, one element each; split into columns, one axis each.",
)
def axes_in_rows(matrix, coords):
    return matrix[tuple(coords)]


@mistake(
    "collect_rows",
    zh="你挑的是列：第一个下标才管行。",
    en="You chose columns: rows are what the first index speaks of.",
)
def columns_instead(matrix, row_indexes):
    return matrix[:, row_indexes]


@mistake(
    "collect_rows",
    zh="重复的行号要重复取，次序也要照旧。",
    en="A number that is repeated repeats its row, and the order is as given.",
)
def each_row_once(matrix, row_indexes):
    return matrix[row_indexes.unique()]


@mistake(
    "collect_rows",
    zh="次序变了：照 `row_indexes` 给出的次序取。",
    en="The order has changed: take rows as `row_indexes` has them.",
)
def sorted_rows(matrix, row_indexes):
    return matrix[row_indexes.sort().values]


@mistake(
    "collect_columns",
    zh="你挑的是行：列是第二个轴，写 `matrix[:, …]`。",
    en="You chose rows: columns are the second axis, `matrix[:, …]`.",
)
def rows_instead(matrix, column_indexes):
    return matrix[column_indexes]


@mistake(
    "collect_columns",
    zh="挑出来的列变成了行：结果是 `m k`。",
    en="The chosen columns have become rows: the result is `m k`.",
)
def columns_as_rows(matrix, column_indexes):
    return matrix.T[column_indexes]


@mistake(
    "collect_columns",
    zh="重复的列号要重复取，次序也要照旧。",
    en="A number that is repeated repeats its column, and the order is as given.",
)
def each_column_once(matrix, column_indexes):
    return matrix[:, column_indexes.unique()]


@mistake(
    "collect_columns",
    zh="次序变了：照 `column_indexes` 给出的次序取。",
    en="The order has changed: take columns as `column_indexes` has them.",
)
def sorted_columns(matrix, column_indexes):
    return matrix[:, column_indexes.sort().values]


@mistake(
    "batched_logsumexp",
    zh="直接取指数，1000 就上溢成无穷：先减去每行的最大值。",
    en="With exponentials as they are, 1000 overflows to infinity: take each row's maximum away first.",
)
def overflowing(matrix):
    return matrix.exp().sum(1).log()


@mistake(
    "batched_logsumexp",
    zh="最大值减去了，却没有加回来。",
    en="The maximum is taken away, and never added back.",
)
def maximum_not_returned(matrix):
    top = matrix.amax(1, keepdim=True)
    return (matrix - top).exp().sum(1).log()


@mistake(
    "batched_logsumexp",
    zh="整批共用一个最大值：小的那些行全部下溢成 0。",
    en="One maximum serves the whole batch: the small rows underflow to 0.",
)
def one_maximum_for_all(matrix):
    top = matrix.max()
    return top + (matrix - top).exp().sum(1).log()


@mistake(
    "batched_logsumexp",
    zh="你沿着批次求了和：每一行是一个样本，`dim=1`。",
    en="You summed over the batch: a row is an example, `dim=1`.",
)
def over_the_batch(matrix):
    return torch.logsumexp(matrix, dim=0)


@mistake(
    "batched_logsumexp",
    zh="还没有取对数。",
    en="The log is missing.",
)
def without_log(matrix):
    return matrix.exp().sum(1)


@mistake(
    "batched_softmax",
    zh="1000 的指数是无穷，无穷除以无穷是 NaN：先减去每行的最大值。",
    en="The exponential of 1000 is infinite, and infinity over infinity is NaN: take each row's maximum away first.",
)
def overflowing_softmax(matrix):
    return matrix.exp() / matrix.exp().sum(1, keepdim=True)


@mistake(
    "batched_softmax",
    zh="每一列之和是 1；应当是每一行。",
    en="Each column sums to 1; it should be each row.",
)
def softmax_over_the_batch(matrix):
    return matrix.softmax(0)


@mistake(
    "batched_softmax",
    zh="整批共用一个最大值：小的那些行成了 0 除以 0。",
    en="One maximum serves the whole batch: the small rows become zero over zero.",
)
def one_maximum_for_softmax(matrix):
    exps = (matrix - matrix.max()).exp()
    return exps / exps.sum(1, keepdim=True)


@mistake(
    "batched_softmax",
    zh="所有元素加起来是 1；应当是每一行加起来是 1。",
    en="All elements sum to 1; each row should.",
)
def over_everything(matrix):
    return matrix.flatten().softmax(0).reshape(matrix.shape)


@mistake(
    "batched_logsoftmax",
    zh="softmax 已经下溢成 0，它的对数就是负无穷：直接写 $x_i - \\mathrm{logsumexp}(x)$。",
    en="The softmax has underflowed to 0, and its log is minus infinity: write $x_i - \\mathrm{logsumexp}(x)$ directly.",
)
def log_of_softmax(matrix):
    return matrix.softmax(1).log()


@mistake(
    "batched_logsoftmax",
    zh="你沿着批次做了归一化：`dim=1`。",
    en="You normalised over the batch: `dim=1`.",
)
def log_softmax_over_the_batch(matrix):
    return matrix.log_softmax(0)


@mistake(
    "batched_logsoftmax",
    zh="这是 softmax，还没有取对数。",
    en="That is the softmax, without its log.",
)
def softmax_itself(matrix):
    return matrix.softmax(1)


@mistake(
    "batched_logsoftmax",
    zh="符号反了：概率不大于 1，它的对数不会是正数。",
    en="The sign is turned round: a probability is at most 1, and its log never positive.",
)
def negated(matrix):
    return -matrix.log_softmax(1)


@mistake(
    "batched_cross_entropy_loss",
    zh="你取了平均：这里每个样本留一个数。",
    en="You averaged: here one number per example is kept.",
)
def averaged(logits, true_labels):
    return torch.nn.functional.cross_entropy(logits, true_labels)


@mistake(
    "batched_cross_entropy_loss",
    zh="少了负号：损失越小越好，不会是负数。",
    en="The minus is missing: a loss is the better the smaller, and never negative.",
)
def without_minus(logits, true_labels):
    return -torch.nn.functional.cross_entropy(logits, true_labels, reduction="none")


@mistake(
    "batched_cross_entropy_loss",
    zh="这是正确类别的概率：还要取负对数。",
    en="That is the true class's probability: take its negative log.",
)
def probability_itself(logits, true_labels):
    return logits.softmax(1).gather(1, true_labels[:, None])[:, 0]


@mistake(
    "batched_cross_entropy_loss",
    zh="分数还不是对数概率：先做 log softmax。",
    en="Scores are no log probabilities yet: take the log softmax first.",
)
def raw_scores(logits, true_labels):
    return -logits.gather(1, true_labels[:, None])[:, 0]


@mistake(
    "batched_cross_entropy_loss",
    zh="概率下溢成 0，损失就成了无穷：在对数里算。",
    en="The probability underflows to 0, and the loss is infinite: stay with logs.",
)
def underflowing(logits, true_labels):
    return -logits.softmax(1).gather(1, true_labels[:, None])[:, 0].log()


@mistake(
    "batched_cross_entropy_loss",
    zh="行和列弄反了：第 i 行取第 `true_labels[i]` 列。",
    en="Rows and columns are swapped: from row i take column `true_labels[i]`.",
)
def labels_for_rows(logits, true_labels):
    return -logits.log_softmax(1)[true_labels, torch.arange(len(true_labels)) % logits.shape[1]]


@mistake(
    "predict_checks",
    zh="`batch` 在两个参数里同名，一次调用里就必须一样长。",
    en="`batch` stands in both arguments, so within one call both must be equally long.",
)
def any_length_will_do():
    return solutions.predict_checks() | {"one weight per column": True}


@mistake(
    "predict_checks",
    zh="`3 1` 是两个轴，注解只要一个。",
    en="`3 1` are two axes, and the annotation asks for one.",
)
def column_as_row():
    return solutions.predict_checks() | {"weights as a column": True}


@mistake(
    "predict_checks",
    zh="`Float` 指任何精度的浮点数；只要单精度，写 `Float32`。",
    en="`Float` means floats of any precision; for single alone there is `Float32`.",
)
def single_only():
    return solutions.predict_checks() | {"double precision": False}


@mistake(
    "predict_checks",
    zh="`Float` 不接受整数张量，检查不会替你转换。",
    en="`Float` takes no tensor of integers, and a check converts nothing.",
)
def integers_pass():
    return solutions.predict_checks() | {"integers": True}


@mistake(
    "predict_checks",
    zh="注解写的是 `Tensor`：NumPy 数组不是。",
    en="The annotation says `Tensor`, and a NumPy array is none.",
)
def arrays_pass():
    return solutions.predict_checks() | {"an array": True}


@mistake(
    "predict_checks",
    zh="长度为 0 也是长度：两边都是 0，对得上。",
    en="A length of 0 is a length: both are 0, and agree.",
)
def empty_stopped():
    return solutions.predict_checks() | {"no rows": False}


@mistake(
    "predict_checks",
    zh="方阵转置之后形状不变，检查看不出来。",
    en="A square has the same shape when transposed, and the check can't tell.",
)
def transpose_caught():
    return solutions.predict_checks() | {"a square, transposed": False}


@mistake(
    "predict_checks",
    zh="形状相符就放行：数值对不对，检查不管。",
    en="If the shape fits it goes through: a check knows nothing of the values.",
)
def formula_caught():
    return solutions.predict_checks() | {"a wrong formula": False}


@mistake(
    "predict_checks",
    zh="返回值也要检查：多出来的轴会被抓住。",
    en="What comes back is checked as well: an axis too many is caught.",
)
def result_unchecked():
    return solutions.predict_checks() | {"a wrong result shape": True}


@mistake(
    "shape_annotations",
    zh="`channels` 是一个名字，多长都行：恰好 3 个通道，就写数字 3。",
    en="`channels` is a name, of any length: for exactly 3 write the number.",
)
def any_channels():
    return solutions.shape_annotations() | {"picture": Float[Tensor, "channels height width"]}


@mistake(
    "shape_annotations",
    zh="通道轴在最前面。",
    en="The axis of channels comes first.",
)
def channels_at_the_end():
    return solutions.shape_annotations() | {"picture": Float[Tensor, "height width 3"]}


@mistake(
    "shape_annotations",
    zh="两个不同的名字允许两个不同的长度：方阵要同名。",
    en="Two names allow two lengths: a square has one name twice.",
)
def any_rectangle():
    return solutions.shape_annotations() | {"square": Float[Tensor, "n m"]}


@mistake(
    "shape_annotations",
    zh="标签是整数：`Int`，不是 `Float`。",
    en="Labels are integers: `Int`, not `Float`.",
)
def labels_as_floats():
    return solutions.shape_annotations() | {"labels": Float[Tensor, " batch"]}


@mistake(
    "shape_annotations",
    zh="真假值是 `Bool`。",
    en="Truth values are `Bool`.",
)
def mask_as_floats():
    return solutions.shape_annotations() | {"mask": Float[Tensor, "batch seq"]}


@mistake(
    "shape_annotations",
    zh="`batch` 恰好是一个轴：任意多个轴写 `...`。",
    en="`batch` is exactly one axis: for any number of them write `...`.",
)
def one_axis_in_front():
    return solutions.shape_annotations() | {"pictures": Float[Tensor, "batch height width"]}
