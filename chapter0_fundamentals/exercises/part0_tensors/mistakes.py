"""The wrong answers of the tensor lesson, each explained in a sentence."""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int
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
    en="The order is reversed: multiply by `scale`, then add `shift`.",
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
    zh="`forward` 把参数断开了（`.data` 或 `detach`）：梯度到不了它们，它们永远不会被训练。",
    en="`forward` cuts the parameters off, by `.data` or `detach`: no gradient reaches them, and they are never trained.",
)
class CutOff(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return x * self.scale.data + self.shift.data


@mistake(
    "ScaleShift",
    zh="每个特征有自己的 `scale` 和 `shift`：形状是 `(d,)`，不是一个数。",
    en="Each feature has a `scale` and a `shift` of its own: their shape is `(d,)`, not a single number.",
)
class OneNumberForAll(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x * self.scale + self.shift


@mistake(
    "ScaleShift",
    zh="参数不要求梯度：去掉 `requires_grad=False`，否则不会被训练。",
    en="The parameters don't require gradients: without `requires_grad=False` they can be trained.",
)
class NotTrainable(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(d), requires_grad=False)
        self.shift = nn.Parameter(torch.zeros(d), requires_grad=False)

    def forward(self, x):
        return x * self.scale + self.shift


@mistake(
    "ScaleShift",
    zh="`shift` 从 1 开始，输入就变了：从 0 开始。",
    en="A `shift` that begins at 1 changes the input: begin at 0.",
)
class ShiftOfOnes(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * self.scale + self.shift


@mistake(
    "ScaleShift",
    zh="`forward` 没有加上 `shift`。",
    en="`forward` doesn't add the `shift`.",
)
class ShiftForgotten(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return x * self.scale


@mistake(
    "ScaleShift",
    zh="`x *= …` 就地改动了输入：写 `x * …`，得到新的张量。",
    en="`x *= …` changes the input in place: `x * …` makes a new tensor.",
)
class InPlace(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        x *= self.scale
        x += self.shift
        return x


@mistake(
    "flat_position",
    zh="每一步走一个步长，不是一个元素：下标要乘以步长。",
    en="A step walks one stride, not one element: multiply each index by its stride.",
)
def rows_of_ones(index, stride, offset):
    return offset + sum(index)


@mistake(
    "flat_position",
    zh="张量不一定从内存的开头读起：还要加上偏移量。",
    en="A tensor need not begin where its memory does: add the offset.",
)
def without_offset(index, stride, offset):
    return sum(i * s for i, s in zip(index, stride, strict=True))


@mistake(
    "flat_position",
    zh="步长的次序反了：第 i 个下标配第 i 个步长。",
    en="The strides are reversed: the i-th index goes with the i-th stride.",
)
def strides_reversed(index, stride, offset):
    return offset + sum(i * s for i, s in zip(index, reversed(stride), strict=True))


@mistake(
    "flat_position",
    zh="只算了前两个轴：张量可以有任意多个轴，也可以没有轴。",
    en="Only the first two axes are counted: a tensor may have any number of axes, or none.",
)
def first_two_axes(index, stride, offset):
    return offset + index[0] * stride[0] + index[1] * stride[1]


@mistake(
    "flat_position",
    zh="位置按元素数，不按字节数：不要乘以每个元素的字节数。",
    en="A position counts elements, not bytes: don't multiply by the bytes of an element.",
)
def in_bytes(index, stride, offset):
    return 4 * solutions.flat_position(index, stride, offset)


@mistake(
    "flat_position",
    zh="下标从 0 数起：第 0 个元素一步也不走。",
    en="Indices count from 0: the element 0 is no step away.",
)
def one_step_too_many(index, stride, offset):
    return offset + sum((i + 1) * s for i, s in zip(index, stride, strict=True))


@mistake(
    "flat_position",
    zh="偏移量要加上，不是减去。",
    en="The offset is added, not subtracted.",
)
def offset_subtracted(index, stride, offset):
    return sum(i * s for i, s in zip(index, stride, strict=True)) - offset


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
    en="Today `zero_grad()` writes no zeros by default: it takes `.grad` away altogether.",
)
def zeros_left():
    return solutions.predict_gradients() | {"w, cleared": [0.0, 0.0]}


@mistake(
    "predict_gradients",
    zh="对 `w * x` 求 `w` 的导数，得到的是 `x`，不是 `w`。",
    en="The derivative of `w * x` with respect to `w` is `x`, not `w`.",
)
def gradient_is_w():
    return solutions.predict_gradients() | {"w": [1.0, 2.0]}


@mistake(
    "predict_gradients",
    zh="这是 `y` 的值；`w` 的梯度是 `y.sum()` 对 `w` 的导数，也就是 `x`。",
    en="Those are the values of `y`; the gradient of `w` is the derivative of `y.sum()` with respect to `w`, which is `x`.",
)
def values_of_y():
    return solutions.predict_gradients() | {"w": [3.0, 8.0]}


@mistake(
    "predict_gradients",
    zh="对 `y` 求和，每一项的系数是 1，不是 1/2：这里没有取平均。",
    en="In a sum each term counts once, not by half: nothing is averaged here.",
)
def as_of_a_mean():
    return solutions.predict_gradients() | {"w": [1.5, 2.0], "w, again": [3.0, 4.0]}


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
    "sgd_step",
    zh="遇到第一个没有梯度的参数就停下了：跳过它，后面的还要更新。",
    en="It stops at the first parameter without a gradient: skip that one, and go on with the others.",
)
def stops_at_the_first_without(params, lr):
    with torch.no_grad():
        for p in params:
            if p.grad is None:
                return
            p -= lr * p.grad


@mistake(
    "sgd_step",
    zh="只更新了第一个参数：`return` 不要放在循环里。",
    en="Only the first parameter is updated: a `return` doesn't belong into the loop.",
)
def the_first_alone(params, lr):
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad
            return


@mistake(
    "sgd_step",
    zh="`p.grad` 被就地乘以 `lr` 了：梯度要保持原样。",
    en="`p.grad` itself is multiplied by `lr`, in place: gradients stay as they are.",
)
def gradients_scaled(params, lr):
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= p.grad.mul_(lr)


@mistake(
    "sgd_step",
    zh="更新之后，参数不再要求梯度：用 `torch.no_grad()`，不要改 `requires_grad`。",
    en="After the step the parameters no longer require gradients: use `torch.no_grad()`, and leave `requires_grad` alone.",
)
def no_longer_required(params, lr):
    for p in params:
        p.requires_grad_(False)
        if p.grad is not None:
            p -= lr * p.grad


@mistake(
    "sgd_step",
    zh="之后梯度一直关着：`with torch.no_grad():` 会自己恢复。",
    en="Gradients stay switched off afterwards: `with torch.no_grad():` switches them on again by itself.",
)
def left_switched_off(params, lr):
    torch.set_grad_enabled(False)
    for p in params:
        if p.grad is not None:
            p -= lr * p.grad


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
    "parameter_or_hyperparameter",
    zh="dropout 的概率由你选定，训练不会改动它。",
    en="You choose the probability of dropout, and training leaves it alone.",
)
def dropout_learned():
    return solutions.parameter_or_hyperparameter() | {"the probability of dropout": "parameter"}


@mistake(
    "parameter_or_hyperparameter",
    zh="批次大小不是数据：它由你在训练之前选定，是超参数。",
    en="The batch size is no data: you choose it before training, so it is a hyperparameter.",
)
def batch_size_neither():
    return solutions.parameter_or_hyperparameter() | {"the batch size": "neither"}


@mistake(
    "parameter_or_hyperparameter",
    zh="滑动平均不是你选定的：它随数据更新，是缓冲区。",
    en="You don't choose a running mean: it follows the data, and is a buffer.",
)
def running_mean_chosen():
    return solutions.parameter_or_hyperparameter() | {"the running mean of a BatchNorm": "hyperparameter"}


@mistake(
    "parameter_or_hyperparameter",
    zh="偏置与权重一样，由梯度下降改动：它是参数。",
    en="A bias is changed by gradient descent as weights are: it is a parameter.",
)
def bias_chosen():
    return solutions.parameter_or_hyperparameter() | {"the bias of a convolution": "hyperparameter"}


@mistake(
    "predict_dtypes",
    zh="Python 的浮点数是双精度，PyTorch 造张量时却默认单精度。",
    en="A Python float is double, yet PyTorch makes single precision of it by default.",
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
    zh="NumPy 里 int64 与 float32 相加得到 float64，因为 float32 的位数不够；PyTorch 只看浮点那一方。",
    en="In NumPy int64 with float32 makes float64, as float32 has too few digits; PyTorch looks at the floats alone.",
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
    "predict_dtypes",
    zh="PyTorch 里整数相除，得到的是默认的浮点类型：单精度。",
    en="In PyTorch a quotient of integers has the default float type, which is single precision.",
)
def quotient_double():
    return solutions.predict_dtypes() | {"quotient": ("float64", "float64")}


@mistake(
    "predict_dtypes",
    zh="`.numpy()` 与张量共用内存，类型也就不变：float32 还是 float32。",
    en="`.numpy()` shares the tensor's memory, so the type stays: float32 is float32.",
)
def numpy_is_always_double():
    return solutions.predict_dtypes() | {"crossing": ("float64", "float64")}


@mistake(
    "predict_dtypes",
    zh="整数张量没有 `mean()`，但报的不是 `TypeError`：看看报错信息最后一行开头的名字。",
    en="Tensors of integers have no `mean()`, but the error is no `TypeError`: its name begins the last line of what Python prints.",
)
def another_error():
    return solutions.predict_dtypes() | {"mean": (1.5, "TypeError")}


@mistake(
    "predict_numbers",
    zh="`torch.std` 默认除以 n - 1。",
    en="`torch.std` divides by n - 1 by default.",
)
def both_biased():
    return solutions.predict_numbers() | {"std": (1.0, 1.0)}


@mistake(
    "predict_numbers",
    zh="`np.std` 默认除以 n。",
    en="`np.std` divides by n by default.",
)
def both_unbiased():
    return solutions.predict_numbers() | {"std": (1.414, 1.414)}


@mistake(
    "predict_numbers",
    zh="个数为偶数时，`torch.median` 取中间较小的那一个，不取平均。",
    en="For an even number `torch.median` takes the smaller of the middle two, not their mean.",
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
    "predict_numbers",
    zh="这是方差；标准差是它的平方根。",
    en="That is the variance; the standard deviation is its root.",
)
def variance_for_deviation():
    return solutions.predict_numbers() | {"std": (1.0, 2.0)}


@mistake(
    "predict_numbers",
    zh="数组的 `size` 是元素个数；形状是 `shape`。",
    en="An array's `size` is the number of its elements; its shape is `shape`.",
)
def size_is_a_shape():
    return solutions.predict_numbers() | {"size": ((2, 3), (2, 3))}


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
    zh="`torch.cumsum` 不会替你展平：一定要写 `dim`。",
    en="`torch.cumsum` doesn't flatten for you: it needs its `dim`.",
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
    en="`astype` copies by default, even where the type stays.",
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
    "predict_memory",
    zh="`np.flip` 是步长为负的视图，不拷贝。",
    en="`np.flip` is a view with a negative stride, and copies nothing.",
)
def flipped_copies():
    return solutions.predict_memory() | {"flip": (False, False)}


@mistake(
    "predict_memory",
    zh="数组的 `a[::-1]` 是视图，会跟着变。",
    en="An array's `a[::-1]` is a view, and follows.",
)
def backwards_copy():
    return solutions.predict_memory() | {"backwards": (False, "ValueError")}


@mistake(
    "port_summary",
    zh="标准差大了一点：`np.std` 除以 n，`torch.std` 默认除以 n - 1。",
    en="The deviation is a little large: `np.std` divides by n, `torch.std` by n - 1 by default.",
)
def unbiased(x):
    return torch.stack([x.amax(1), x.std(1), x.quantile(0.5, dim=1)], dim=1)


@mistake(
    "port_summary",
    zh="个数为偶数时，`torch.median` 取较小的那一个。",
    en="For an even number `torch.median` takes the smaller of the middle two.",
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
    "port_summary",
    zh="个数为奇数时，中位数就是正中间的那一个，不取两个的平均。",
    en="For an odd number the median is the one in the middle, not a mean of two.",
)
def two_in_the_middle_always(x):
    ordered, half = x.sort(dim=1).values, x.shape[1] // 2
    median = (ordered[:, half - 1] + ordered[:, half]) / 2
    return torch.stack([x.amax(1), x.std(1, correction=0), median], dim=1)


@mistake(
    "port_summary",
    zh="这是方差：标准差还要开方。",
    en="That is the variance: a standard deviation is its root.",
)
def variance_in_summary(x):
    return torch.stack([x.amax(1), x.var(1, correction=0), x.quantile(0.5, dim=1)], dim=1)


@mistake(
    "port_summary",
    zh="第三列是平均数，要的是中位数。",
    en="The third column is a mean, and the median is wanted.",
)
def mean_for_median(x):
    return torch.stack([x.amax(1), x.std(1, correction=0), x.mean(1)], dim=1)


@mistake(
    "port_summary",
    zh="离 0 很远时，平方的平均减去平均的平方会丢掉几乎所有的数字：先减去平均，再平方。",
    en="Far from 0, the mean of the squares minus the square of the mean loses nearly all digits: subtract the mean first, then square.",
)
def squares_minus_square(x):
    variance = (x**2).mean(1) - x.mean(1) ** 2
    return torch.stack([x.amax(1), variance.clamp(min=0).sqrt(), x.quantile(0.5, dim=1)], dim=1)


@mistake(
    "port_summary",
    zh="最大值不是绝对值最大的那一个。",
    en="The maximum is not the largest absolute value.",
)
def largest_by_size(x):
    return torch.stack([x.abs().amax(1), x.std(1, correction=0), x.quantile(0.5, dim=1)], dim=1)


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
    "port_mirror",
    zh="PyTorch 的步长不能是负数，`[::-1]` 会报错：用 `flip`。",
    en="PyTorch has no negative strides, and `[::-1]` is an error: use `flip`.",
)
def by_a_negative_step(images):
    return images[:, :, ::-1].repeat_interleave(2, dim=1)


@mistake(
    "port_mirror",
    zh="上下也翻转了：只翻转最后一个轴。",
    en="It is turned upside down as well: flip the last axis alone.",
)
def turned_both_ways(images):
    return images.flip(1, 2).repeat_interleave(2, dim=1)


@mistake(
    "port_mirror",
    zh="重复的是图片，不是行：行是 `dim=1`。",
    en="Pictures are doubled, not rows: rows are `dim=1`.",
)
def pictures_doubled(images):
    return images.flip(-1).repeat_interleave(2, dim=0)


@mistake(
    "port_mirror",
    zh="所有的轴都翻转了，图片的次序也变了：给 `flip` 写明最后一个轴。",
    en="All axes are reversed, the order of the pictures, too: tell `flip` the last axis.",
)
def every_axis_reversed(images):
    return images.flip(0, 1, 2).repeat_interleave(2, dim=1)


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
    zh="给长度加上的数太大，每一行都变了，短的行变得最多：只处理长度为 0 的行。",
    en="What is added to the length is too much: every row changes, short ones most. Treat only rows of length 0.",
)
def length_plus_a_little(matrix):
    return matrix / (matrix.norm(dim=1, keepdim=True) + 1e-3)


@mistake(
    "normalize_rows",
    zh="和为 0 的行不一定全是 0，例如 `[1, -1]`：看长度是不是 0。",
    en="A row whose sum is 0 need not be zero, `[1, -1]` for one: ask whether its length is 0.",
)
def zero_by_the_sum(matrix):
    length = matrix.norm(dim=1, keepdim=True)
    return torch.where(matrix.sum(dim=1, keepdim=True) == 0, matrix, matrix / length)


@mistake(
    "normalize_rows",
    zh="你除以了绝对值最大的元素，不是长度。",
    en="You divided by the largest absolute value, which is not the length.",
)
def by_the_largest(matrix):
    largest = matrix.abs().amax(dim=1, keepdim=True)
    return matrix / torch.where(largest == 0, 1, largest)


@mistake(
    "normalize_rows",
    zh="很短的行被当成了 0：只有长度恰好为 0 的行才保持原样。",
    en="Very short rows are treated as zero: only a row whose length is exactly 0 stays as it is.",
)
def short_as_zero(matrix):
    length = matrix.norm(dim=1, keepdim=True)
    return matrix / torch.where(length < 1e-6, 1, length)


@mistake(
    "normalize_rows",
    zh="长度的下限太大：比它短的行到不了长度 1。",
    en="The least length allowed is too large: rows shorter than that don't reach length 1.",
)
def length_at_least(matrix):
    return matrix / matrix.norm(dim=1, keepdim=True).clamp(min=1e-6)


@mistake(
    "normalize_rows",
    zh="这是均方根：长度是平方的和再开方，不取平均。",
    en="That is the root of the mean of squares: for a length take the root of their sum.",
)
def root_of_the_mean(matrix):
    length = matrix.pow(2).mean(dim=1, keepdim=True).sqrt()
    return matrix / torch.where(length == 0, 1, length)


@mistake(
    "normalize_rows",
    zh="少了 `keepdim=True`：长度排成了一行，除的是列，行列不等时还会报错。",
    en="`keepdim=True` is missing: the lengths lie along a row and divide columns, or don't fit at all.",
)
def without_keepdim(matrix):
    length = matrix.norm(dim=1)
    return matrix / torch.where(length == 0, 1, length)


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
    "cos_sim_matrix",
    zh="余弦可以是负数：不要取绝对值。",
    en="A cosine may be negative: don't take the absolute value.",
)
def absolute_cosines(matrix):
    return solutions.cos_sim_matrix(matrix).abs()


@mistake(
    "cos_sim_matrix",
    zh="先减去每行的平均值，得到的是相关系数，不是余弦。",
    en="With each row's mean subtracted first, that is the correlation, and not the cosine.",
)
def correlations(matrix):
    return solutions.cos_sim_matrix(matrix - matrix.mean(dim=1, keepdim=True))


@mistake(
    "cos_sim_matrix",
    zh="这是夹角，要的是它的余弦。",
    en="Those are angles; their cosines are wanted.",
)
def angles(matrix):
    return solutions.cos_sim_matrix(matrix).clamp(-1, 1).acos()


@mistake(
    "cos_sim_matrix",
    zh="这是 1 减去余弦，也就是距离：要的是余弦本身。",
    en="That is one minus the cosine, a distance; the cosine itself is wanted.",
)
def distances(matrix):
    return 1 - solutions.cos_sim_matrix(matrix)


@mistake(
    "cos_sim_matrix",
    zh="你除以了长度的平方：每一边除以一次长度就够了。",
    en="You divided by squared lengths: each side is divided by its length once.",
)
def divided_twice(matrix):
    squares = matrix.pow(2).sum(dim=1, keepdim=True)
    rows = matrix / torch.where(squares == 0, 1, squares)
    return rows @ rows.T


@mistake(
    "cos_sim_matrix",
    zh="对角线不总是 1：全 0 的行与自己的相似度是 0。",
    en="The diagonal is not always 1: a row of zeros has similarity 0 with itself.",
)
def diagonal_of_ones(matrix):
    return solutions.cos_sim_matrix(matrix).fill_diagonal_(1)


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
    en="`torch.multinomial` doesn't put back by default, and can't draw so many: `replacement=True`.",
)
def without_replacement(probs, n):
    return torch.multinomial(probs, n)


@mistake(
    "sample_distribution",
    zh="每次调用里各类的个数都一样，只打乱了次序：个数也应当是随机的。",
    en="Each call has the same counts, in shuffled order: the counts are random, too.",
)
def shuffled_counts(probs, n):
    ends = (probs.cumsum(0) * n).round().long()
    counts = ends.diff(prepend=torch.zeros(1, dtype=torch.int64))
    return torch.arange(len(probs)).repeat_interleave(counts)[torch.randperm(n)]


@mistake(
    "sample_distribution",
    zh="每次调用都重新设种子，抽到的总是一样：不要设种子。",
    en="The seed is set again in each call, and each draws the same: set none.",
)
def seeded_inside(probs, n):
    generator = torch.Generator().manual_seed(42)
    return torch.multinomial(probs, n, replacement=True, generator=generator)


@mistake(
    "sample_distribution",
    zh="类别从 0 数起：你的每个样本都大了 1。",
    en="Categories count from 0: each of your samples is too large by 1.",
)
def counted_from_one(probs, n):
    return torch.multinomial(probs, n, replacement=True) + 1


@mistake(
    "sample_distribution",
    zh="`probs` 已经是概率，不用再做 softmax。",
    en="`probs` are probabilities already, and need no softmax.",
)
def softmax_of_probabilities(probs, n):
    return torch.multinomial(probs.softmax(0), n, replacement=True)


@mistake(
    "sample_distribution",
    zh="所有的样本用了同一个随机数：每次抽样要一个新的，共 `n` 个。",
    en="All samples come from one random number: each draw needs a new one, `n` in all.",
)
def one_number_for_all(probs, n):
    return (torch.rand(1) >= probs.cumsum(0)[:-1]).sum().expand(n)


@mistake(
    "sample_distribution",
    zh="随机数直接与 `probs` 比较了：要与各段的右端比较，也就是 `probs` 的累加和。",
    en="The random number is compared with `probs` themselves: compare with the right ends, their cumulative sums.",
)
def without_cumsum(probs, n):
    return (torch.rand(n, 1) >= probs[:-1]).sum(1)


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
    "classifier_accuracy",
    zh="这是百分数，要的是 0 到 1 之间的比例。",
    en="That is a percentage; a share from 0 to 1 is wanted.",
)
def per_cent(scores, true_classes):
    return 100 * (scores.argmax(1) == true_classes).float().mean()


@mistake(
    "classifier_accuracy",
    zh="答对的个数除以了类别数：要除以样本数。",
    en="The number of right ones is divided by the number of classes: divide by that of examples.",
)
def over_the_classes(scores, true_classes):
    return (scores.argmax(1) == true_classes).sum() / scores.shape[1]


@mistake(
    "classifier_accuracy",
    zh="布尔张量没有平均值：先写 `.float()`。",
    en="A tensor of truth values has no mean: `.float()` first.",
)
def mean_of_booleans(scores, true_classes):
    return (scores.argmax(1) == true_classes).mean()


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
    "total_price_indexing",
    zh="编号从 0 数起，不用减 1。",
    en="The numbers count from 0: subtract nothing.",
)
def counted_from_one_indexing(prices, items):
    return prices[items - 1].sum().item()


@mistake(
    "total_price_indexing",
    zh="这是平均价格，要的是总价。",
    en="That is the mean price; the total is wanted.",
)
def mean_price_indexing(prices, items):
    return prices[items].mean().item()


@mistake(
    "total_price_indexing",
    zh="你把所有商品的价格都加起来了，没有看买了什么。",
    en="You added the prices of everything there is, without looking at what was bought.",
)
def everything_bought_indexing(prices, items):
    return prices.sum().item()


@mistake(
    "total_price_indexing",
    zh="`int` 去掉了小数：价格不一定是整数。",
    en="`int` cuts the fraction off: prices need not be whole.",
)
def fraction_lost_indexing(prices, items):
    return int(prices[items].sum())


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
    "total_price_gather",
    zh="编号从 0 数起，不用减 1。",
    en="The numbers count from 0: subtract nothing.",
)
def counted_from_one_gather(prices, items):
    return prices.gather(0, (items - 1) % len(prices)).sum().item()


@mistake(
    "total_price_gather",
    zh="这是平均价格，要的是总价。",
    en="That is the mean price; the total is wanted.",
)
def mean_price_gather(prices, items):
    return prices.gather(0, items).mean().item()


@mistake(
    "total_price_gather",
    zh="一维张量没有 `dim=1`：它只有 `dim=0`。",
    en="A tensor of one axis has no `dim=1`, only `dim=0`.",
)
def dim_1_of_one_axis(prices, items):
    return prices.gather(1, items).sum().item()


@mistake(
    "total_price_gather",
    zh="`int` 去掉了小数：价格不一定是整数。",
    en="`int` cuts the fraction off: prices need not be whole.",
)
def fraction_lost_gather(prices, items):
    return int(prices.gather(0, items).sum())


@mistake(
    "gather_2d",
    zh="`dim=0` 替换的是行号：这里换的是列号，`dim=1`。",
    en="`dim=0` replaces the row; it is the column that is replaced, `dim=1`.",
)
def rows_gathered(matrix, indexes):
    return matrix.gather(0, indexes)


@mistake(
    "gather_2d",
    zh="所有的元素都来自第 0 行（`take` 就这样，它在展平的张量里数）：第 i 行要从 `matrix` 的第 i 行取。",
    en="Every element comes from row 0 (as by `take`, which counts in the flattened tensor): row i takes its own from row i of the matrix.",
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
    "gather_2d",
    zh="列号从 0 数起，不用减 1。",
    en="Columns count from 0: subtract nothing.",
)
def columns_from_one(matrix, indexes):
    return matrix.gather(1, (indexes - 1) % matrix.shape[1])


@mistake(
    "gather_2d",
    zh="行号少了一个轴：写 `torch.arange(m)[:, None]`，它才与 `indexes` 逐行对齐。",
    en="The row numbers lack an axis: `torch.arange(m)[:, None]` goes with `indexes` row by row.",
)
def rows_without_an_axis(matrix, indexes):
    return matrix[torch.arange(len(matrix)), indexes]


@mistake(
    "gather_2d",
    zh="结果转置了：要的是 `m k`。",
    en="The result is transposed: `m k` is wanted.",
)
def gathered_and_transposed(matrix, indexes):
    return matrix.gather(1, indexes).T


@mistake(
    "integer_array_indexing",
    zh="坐标的次序反了：第一个数属于第一个轴。",
    en="The coordinates are reversed: the first number belongs to the first axis.",
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
    "integer_array_indexing",
    zh="坐标的和不是展平之后的位置：每个轴的坐标要乘以自己的步长。",
    en="The sum of the coordinates is no position in the flattened tensor: each is multiplied by its axis's stride.",
)
def sum_of_coordinates(matrix, coords):
    return matrix.flatten()[coords.sum(dim=1)]


@mistake(
    "integer_array_indexing",
    zh="展平之后，走得最快的是最后一个轴，不是第一个。",
    en="In the flattened tensor the last axis moves fastest, not the first.",
)
def first_axis_fastest(matrix, coords):
    steps = torch.tensor([math.prod(matrix.shape[:i]) for i in range(matrix.ndim)])
    return matrix.flatten()[(coords * steps).sum(dim=1)]


@mistake(
    "integer_array_indexing",
    zh="`matrix[i][:, j]` 给出每一行与每一列的组合：要的是成对的坐标，写 `matrix[i, j]`。",
    en="`matrix[i][:, j]` has every row with every column; coordinates come in pairs, `matrix[i, j]`.",
)
def every_combination(matrix, coords):
    out = matrix
    for axis in range(matrix.ndim):
        out = out.index_select(axis, coords[:, axis])
    return out


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
    "collect_rows",
    zh="行号从 0 数起，不用减 1。",
    en="Rows count from 0: subtract nothing.",
)
def rows_from_one(matrix, row_indexes):
    return matrix[row_indexes - 1]


@mistake(
    "collect_rows",
    zh="你取了最前面的几行，没有看 `row_indexes` 里的编号。",
    en="You took the first rows, without looking at the numbers in `row_indexes`.",
)
def first_rows(matrix, row_indexes):
    return matrix[: len(row_indexes)]


@mistake(
    "collect_rows",
    zh="挑出来的行变成了列：结果是 `k n`。",
    en="The chosen rows have become columns: the result is `k n`.",
)
def rows_as_columns(matrix, row_indexes):
    return matrix[row_indexes].T


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
    "collect_columns",
    zh="列号从 0 数起，不用减 1。",
    en="Columns count from 0: subtract nothing.",
)
def columns_from_one_collected(matrix, column_indexes):
    return matrix[:, column_indexes - 1]


@mistake(
    "collect_columns",
    zh="你取了最前面的几列，没有看 `column_indexes` 里的编号。",
    en="You took the first columns, without looking at the numbers in `column_indexes`.",
)
def first_columns(matrix, column_indexes):
    return matrix[:, : len(column_indexes)]


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
    return solutions.batched_logsumexp(matrix.T)


@mistake(
    "batched_logsumexp",
    zh="还没有取对数。",
    en="The log is missing.",
)
def without_log(matrix):
    return matrix.exp().sum(1)


@mistake(
    "batched_logsumexp",
    zh="每行的第一个数不一定最大：减去最大值。",
    en="The first number of a row need not be the largest: subtract the maximum.",
)
def first_as_maximum(matrix):
    top = matrix[:, 0]
    return top + (matrix - top[:, None]).exp().sum(1).log()


@mistake(
    "batched_logsumexp",
    zh="你减去的不是每行的最大值，最大的指数仍会上溢：减去最大值。",
    en="What you subtracted is not each row's maximum, and the largest exponential still overflows: subtract the maximum.",
)
def mean_subtracted(matrix):
    mean = matrix.mean(dim=1)
    return mean + (matrix - mean[:, None]).exp().sum(1).log()


@mistake(
    "batched_logsumexp",
    zh="你减去了绝对值的最大值：全是负数的行因此下溢成 0。",
    en="You subtracted the largest absolute value: rows of negative numbers underflow to 0.",
)
def largest_absolute_value(matrix):
    top = matrix.abs().amax(dim=1)
    return top + (matrix - top[:, None]).exp().sum(1).log()


@mistake(
    "batched_logsumexp",
    zh="指数取了平均，没有求和。",
    en="The exponentials are averaged, and should be summed.",
)
def mean_of_exponentials(matrix):
    top = matrix.amax(1)
    return top + (matrix - top[:, None]).exp().mean(1).log()


@mistake(
    "batched_logsumexp",
    zh="最大值在一边 `detach` 了，另一边没有：梯度因此错了。",
    en="The maximum is detached on one side and not on the other, which makes the gradient wrong.",
)
def half_detached(matrix):
    top = matrix.amax(1)
    return top.detach() + (matrix - top[:, None]).exp().sum(1).log()


@mistake(
    "batched_logsumexp",
    zh="结果与输入断开了，没有梯度：不要 `detach`。",
    en="The result is cut off from its input and has no gradient: don't `detach`.",
)
def wholly_detached(matrix):
    return solutions.batched_logsumexp(matrix.detach())


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
    return solutions.batched_softmax(matrix.T).T


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
    return solutions.batched_softmax(matrix.reshape(1, -1)).reshape(matrix.shape)


@mistake(
    "batched_softmax",
    zh="在对数里减去 logsumexp，分数很大时舍入太粗：直接除以和。",
    en="A logsumexp, subtracted in logs, is rounded too coarsely where scores are large: divide by the sum.",
)
def by_coarse_logsumexp(matrix):
    return (matrix - solutions.batched_logsumexp(matrix)[:, None]).exp()


@mistake(
    "batched_softmax",
    zh="分母被 `detach` 了：值是对的，梯度却少了一项。",
    en="The denominator is detached: the values are right, and the gradient lacks a term.",
)
def denominator_detached(matrix):
    exps = (matrix - matrix.amax(1, keepdim=True)).exp()
    return exps / exps.sum(1, keepdim=True).detach()


@mistake(
    "batched_softmax",
    zh="值是对的，但差的指数上溢成无穷，梯度就成了 NaN：减去每行的最大值，再除以和。",
    en="The values are right, but exponentials of differences overflow to infinity, and the gradient is NaN: subtract each row's maximum, then divide by the sum.",
)
def one_over_differences(matrix):
    return 1 / (matrix[:, None, :] - matrix[:, :, None]).exp().sum(dim=2)


@mistake(
    "batched_softmax",
    zh="只取了指数，还没有除以它们的和。",
    en="Those are exponentials; their division by the sum is missing.",
)
def not_divided(matrix):
    return (matrix - matrix.amax(1, keepdim=True)).exp()


@mistake(
    "batched_softmax",
    zh="这是 softmax 的对数，还要取指数。",
    en="That is the log of the softmax: its exponential is wanted.",
)
def still_in_logs(matrix):
    return solutions.batched_logsoftmax(matrix)


@mistake(
    "batched_softmax",
    zh="少了取指数：你用分数除以了分数之和。",
    en="The exponentials are missing: you divided scores by the sum of scores.",
)
def without_exponentials(matrix):
    return matrix / matrix.sum(1, keepdim=True)


@mistake(
    "batched_logsoftmax",
    zh="softmax 已经下溢成 0，它的对数就是负无穷：直接写 $x_i - \\mathrm{logsumexp}(x)$。",
    en="The softmax has underflowed to 0, and its log is minus infinity: write $x_i - \\mathrm{logsumexp}(x)$ directly.",
)
def log_of_softmax(matrix):
    return solutions.batched_softmax(matrix).log()


@mistake(
    "batched_logsoftmax",
    zh="你沿着批次做了归一化：`dim=1`。",
    en="You normalised over the batch: `dim=1`.",
)
def log_softmax_over_the_batch(matrix):
    return solutions.batched_logsoftmax(matrix.T).T


@mistake(
    "batched_logsoftmax",
    zh="这是 softmax，还没有取对数。",
    en="That is the softmax, without its log.",
)
def softmax_itself(matrix):
    return solutions.batched_softmax(matrix)


@mistake(
    "batched_logsoftmax",
    zh="符号反了：概率不大于 1，它的对数不会是正数。",
    en="The sign is reversed: a probability is at most 1, and its log never positive.",
)
def negated(matrix):
    return -solutions.batched_logsoftmax(matrix)


@mistake(
    "batched_logsoftmax",
    zh="分数很大时 logsumexp 的舍入太粗：先从每行减去最大值，再减去余下的 logsumexp。",
    en="Where scores are large, a logsumexp is rounded too coarsely: subtract each row's maximum first, then the logsumexp of what is left.",
)
def coarse_logsoftmax(matrix):
    return matrix - solutions.batched_logsumexp(matrix)[:, None]


@mistake(
    "batched_logsoftmax",
    zh="logsumexp 被 `detach` 了：值是对的，梯度却少了一项。",
    en="The logsumexp is detached: the values are right, and the gradient lacks a term.",
)
def logsumexp_detached(matrix):
    shifted = matrix - matrix.amax(1, keepdim=True)
    return shifted - solutions.batched_logsumexp(shifted).detach()[:, None]


@mistake(
    "batched_logsoftmax",
    zh="只减去了最大值，还要减去余下的 logsumexp。",
    en="Only the maximum is subtracted; the logsumexp of what is left is missing.",
)
def maximum_alone(matrix):
    return matrix - matrix.amax(1, keepdim=True)


@mistake(
    "batched_logsoftmax",
    zh="指数直接上溢成无穷：先减去每行的最大值。",
    en="The exponentials overflow to infinity: subtract each row's maximum first.",
)
def overflowing_logsoftmax(matrix):
    return matrix - matrix.exp().sum(1, keepdim=True).log()


@mistake(
    "batched_cross_entropy_loss",
    zh="你取了平均：这里每个样本留一个数。",
    en="You averaged: here one number per example is kept.",
)
def averaged(logits, true_labels):
    return solutions.batched_cross_entropy_loss(logits, true_labels).mean()


@mistake(
    "batched_cross_entropy_loss",
    zh="少了负号：概率不大于 1，交叉熵不会是负数。",
    en="The minus is missing: a probability is at most 1, and a cross entropy never negative.",
)
def without_minus(logits, true_labels):
    return -solutions.batched_cross_entropy_loss(logits, true_labels)


@mistake(
    "batched_cross_entropy_loss",
    zh="这是正确类别的概率：还要取负对数。",
    en="That is the true class's probability: take its negative log.",
)
def probability_itself(logits, true_labels):
    return solutions.batched_softmax(logits).gather(1, true_labels[:, None])[:, 0]


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
    return -solutions.batched_softmax(logits).gather(1, true_labels[:, None])[:, 0].log()


@mistake(
    "batched_cross_entropy_loss",
    zh="行和列弄反了：第 i 行取第 `true_labels[i]` 列。",
    en="Rows and columns are swapped: from row i take column `true_labels[i]`.",
)
def labels_for_rows(logits, true_labels):
    return -solutions.batched_logsoftmax(logits)[
        true_labels % len(logits), torch.arange(len(true_labels)) % logits.shape[1]
    ]


@mistake(
    "batched_cross_entropy_loss",
    zh="你求了和：这里每个样本留一个数。",
    en="You summed: here one number per example is kept.",
)
def summed(logits, true_labels):
    return solutions.batched_cross_entropy_loss(logits, true_labels).sum()


@mistake(
    "batched_cross_entropy_loss",
    zh="对数的底是 2：这里用自然对数，单位是 nat。",
    en="The log is to base 2: here it is the natural one, in nats.",
)
def in_bits(logits, true_labels):
    return solutions.batched_cross_entropy_loss(logits, true_labels) / math.log(2)


@mistake(
    "batched_cross_entropy_loss",
    zh="logsumexp 被 `detach` 了：值是对的，梯度却少了一项。",
    en="The logsumexp is detached: the values are right, and the gradient lacks a term.",
)
def loss_half_detached(logits, true_labels):
    shifted = logits - logits.amax(1, keepdim=True)
    true_scores = shifted.gather(1, true_labels[:, None])[:, 0]
    return solutions.batched_logsumexp(shifted).detach() - true_scores


@mistake(
    "batched_cross_entropy_loss",
    zh="分数很大时，两个大数相减，舍入太粗：先从每行减去最大值。",
    en="Where scores are large, the difference of two large numbers is too coarse: subtract each row's maximum first.",
)
def coarse_loss(logits, true_labels):
    return solutions.batched_logsumexp(logits) - logits.gather(1, true_labels[:, None])[:, 0]


@mistake(
    "batched_cross_entropy_loss",
    zh="你取了分数最高的类，没有看 `true_labels`。",
    en="You took the class with the highest score, without looking at `true_labels`.",
)
def likeliest_class(logits, true_labels):
    return solutions.batched_cross_entropy_loss(logits, logits.argmax(1))


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


@mistake(
    "shape_annotations",
    zh="注解不是字符串：去掉外面的引号，只有形状写在引号里。",
    en="An annotation is no string: take the outer quotes away, only the shape stands in quotes.",
)
def as_strings():
    return solutions.shape_annotations() | {"picture": "Float[Tensor, '3 height width']"}


@mistake(
    "shape_annotations",
    zh="一排标签只有一个轴：`batch 1` 是两个。",
    en="A row of labels has one axis: `batch 1` are two.",
)
def labels_as_a_column():
    return solutions.shape_annotations() | {"labels": Int[Tensor, "batch 1"]}


@mistake(
    "shape_annotations",
    zh="真假值有两个轴，要写两个名字。",
    en="The truth values have two axes, which takes two names.",
)
def mask_of_one_axis():
    return solutions.shape_annotations() | {"mask": Bool[Tensor, " seq"]}


@mistake(
    "shape_annotations",
    zh="`Float32` 只容得下单精度：任何浮点数都写 `Float`。",
    en="`Float32` takes single precision alone: for floats of any kind write `Float`.",
)
def single_precision_pictures():
    return solutions.shape_annotations() | {"picture": Float32[Tensor, "3 height width"]}


@mistake(
    "shape_annotations",
    zh="要的是张量：`np.ndarray` 的注解不接受张量。",
    en="Tensors are wanted: an annotation of `np.ndarray` accepts none.",
)
def arrays_for_tensors():
    return solutions.shape_annotations() | {"picture": Float[np.ndarray, "3 height width"]}
