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
    zh="顺序反了：先乘 `scale`，再加 `shift`。",
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
    zh="步长的顺序反了：第 i 个下标配第 i 个步长。",
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
    en="Only the first parameter is updated: a `return` doesn't belong in the loop.",
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
    "sgd_step",
    zh="最后总把记录打开：调用之前若是关着的，就应仍关着；`with torch.no_grad():` 会恢复原状。",
    en="Recording is always switched on at the end: if it was off before, it should stay off, as after `with torch.no_grad():`.",
)
def always_switched_on(params, lr):
    torch.set_grad_enabled(False)
    for p in params:
        if p.grad is not None:
            p -= lr * p.grad
    torch.set_grad_enabled(True)


@mistake(
    "ScaleShift",
    zh="输入被转换成了 float32：什么也不要转换，float64 的输入给出 float64。",
    en="The input is converted to float32: convert nothing, and a float64 input gives float64.",
)
class InputConverted(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        return x.to(self.scale.dtype) * self.scale + self.shift


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
    zh="所有的轴都翻转了，图片的顺序也变了：给 `flip` 写明最后一个轴。",
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
    zh="各类的数目对了，顺序却是排好的：每次抽样都要互不相干。",
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
    zh="每次调用里各类的个数都一样，只打乱了顺序：个数也应当是随机的。",
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
    zh="坐标的顺序反了：第一个数属于第一个轴。",
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
    zh="重复的行号要重复取，顺序也要照旧。",
    en="A number that is repeated repeats its row, and the order is as given.",
)
def each_row_once(matrix, row_indexes):
    return matrix[row_indexes.unique()]


@mistake(
    "collect_rows",
    zh="顺序变了：照 `row_indexes` 给出的顺序取。",
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
    zh="重复的列号要重复取，顺序也要照旧。",
    en="A number that is repeated repeats its column, and the order is as given.",
)
def each_column_once(matrix, column_indexes):
    return matrix[:, column_indexes.unique()]


@mistake(
    "collect_columns",
    zh="顺序变了：照 `column_indexes` 给出的顺序取。",
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


# Brief ones: a table of predictions with some entries changed, or a lambda.


def known(exercise, name, function, zh, en):
    """Registers `function` under that name."""
    function.__name__ = name
    mistake(exercise, zh=zh, en=en)(function)


def predicted(exercise, name, entries, zh, en):
    """Registers the course's own predictions with these `entries` instead."""
    known(exercise, name, lambda: getattr(solutions, exercise)() | entries, zh, en)


known(
    "flat_position",
    "last_axis_left_out",
    lambda index, stride, offset: offset + sum(i * s for i, s in zip(index[:-1], stride[:-1], strict=True)),
    "最后一个轴没有算进去：循环少走了一步。",
    "The last axis is left out: the loop ends one step early.",
)
known(
    "flat_position",
    "strides_sorted",
    lambda index, stride, offset: offset + sum(i * s for i, s in zip(index, sorted(stride, reverse=True), strict=True)),
    "步长不一定从大到小：转置过的张量就不是；照给出的顺序用。",
    "Strides need not go down from large to small, as after a transposition: take them in the order given.",
)
known(
    "flat_position",
    "offset_multiplied",
    lambda index, stride, offset: offset * sum(i * s for i, s in zip(index, stride, strict=True)),
    "偏移量是加上去的，不是乘上去的。",
    "The offset is added, not multiplied.",
)
known(
    "flat_position",
    "offset_for_each_axis",
    lambda index, stride, offset: sum(offset + i * s for i, s in zip(index, stride, strict=True)),
    "偏移量只加一次，不是每个轴加一次。",
    "The offset is added once, not once per axis.",
)
known(
    "flat_position",
    "products_multiplied",
    lambda index, stride, offset: offset + math.prod(i * s for i, s in zip(index, stride, strict=True)),
    "各轴走的距离要相加，不是相乘。",
    "What the axes contribute is added, not multiplied.",
)
known(
    "flat_position",
    "index_plus_stride",
    lambda index, stride, offset: offset + sum(i + s for i, s in zip(index, stride, strict=True)),
    "下标要乘以步长，不是加上步长。",
    "An index is multiplied by its stride, not added to it.",
)
known(
    "flat_position",
    "zero_without_axes",
    lambda index, stride, offset: solutions.flat_position(index, stride, offset) if index else 0,
    "没有轴的张量，唯一的元素就在偏移量处，不在 0 处。",
    "The one element of a tensor without axes is at the offset, not at 0.",
)
known(
    "flat_position",
    "counted_from_one",
    lambda index, stride, offset: 1 + solutions.flat_position(index, stride, offset),
    "位置从 0 数起：开头的元素在第 0 个位置。",
    "Positions count from 0: the first element of the block is at 0.",
)
known(
    "flat_position",
    "last_product_alone",
    lambda index, stride, offset: offset + ([0, *(i * s for i, s in zip(index, stride, strict=True))])[-1],
    "只剩下最后一个轴：每个轴都要累加上去。",
    "Only the last axis is left: each axis adds to the sum.",
)
known(
    "flat_position",
    "products_alone_in_single",
    lambda index, stride, offset: int(
        torch.tensor(float(offset)) + sum(torch.tensor(float(i)) * s for i, s in zip(index, stride, strict=True))
    ),
    "用单精度浮点数计算，大的位置就不准了：用整数。",
    "Computed in single precision, large positions are inexact: use integers.",
)


def scaling(name, forward, zh, en, start=None):
    """Registers a module that has the parameters it should have, unless `start` makes others."""

    def init(self, d):
        nn.Module.__init__(self)
        if start:
            start(self, d)
        else:
            self.scale, self.shift = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))

    members = {"__init__": init, "forward": forward, "__module__": __name__}
    mistake("ScaleShift", zh=zh, en=en)(type(name, (nn.Module,), members))


def random_start(self, d):
    self.scale, self.shift = nn.Parameter(torch.full((d,), 0.3)), nn.Parameter(torch.full((d,), 0.7))


def as_a_row(self, d):
    self.scale, self.shift = nn.Parameter(torch.ones(1, d)), nn.Parameter(torch.zeros(1, d))


def other_names(self, d):
    self.weight, self.bias = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))


def buffers(self, d):
    self.register_buffer("scale", torch.ones(d))
    self.register_buffer("shift", torch.zeros(d))


def plain_shift(self, d):
    self.scale, self.shift = nn.Parameter(torch.ones(d)), torch.zeros(d)


def a_linear_layer(self, d):
    self.linear = nn.Linear(d, d)


scaling(
    "ShiftSubtracted",
    lambda self, x: x * self.scale - self.shift,
    "`shift` 要加上，不是减去。",
    "The `shift` is added, not subtracted.",
)
scaling(
    "ScaleForgotten",
    lambda self, x: x + self.shift,
    "`forward` 没有乘以 `scale`。",
    "`forward` doesn't multiply by the `scale`.",
)
scaling(
    "WithRelu",
    lambda self, x: (x * self.scale + self.shift).relu(),
    "多了 ReLU：负数也要原样留下。",
    "A ReLU too many: negative numbers stay as they are.",
)
scaling(
    "ShapeOfARow",
    lambda self, x: x * self.scale + self.shift,
    "参数的形状是 `(d,)`，不是 `(1, d)`：不要多一个轴。",
    "The parameters have the shape `(d,)`, not `(1, d)`: no axis more.",
    as_a_row,
)
scaling(
    "WeightAndBias",
    lambda self, x: x * self.weight + self.bias,
    "参数的名字不对：要叫 `scale` 和 `shift`。",
    "The parameters have other names: call them `scale` and `shift`.",
    other_names,
)
scaling(
    "Buffers",
    lambda self, x: x * self.scale + self.shift,
    "登记成缓冲区的张量不会训练：要 `nn.Parameter`。",
    "What is registered as a buffer isn't trained: it takes `nn.Parameter`.",
    buffers,
)
scaling(
    "PlainShift",
    lambda self, x: x * self.scale + self.shift,
    "`scale` 是参数，`shift` 却还是普通张量：它也要包在 `nn.Parameter` 里。",
    "`scale` is a parameter, `shift` still a plain tensor: wrap it in `nn.Parameter` as well.",
    plain_shift,
)
scaling(
    "ALinearLayer",
    lambda self, x: self.linear(x),
    "`nn.Linear` 会把特征混在一起：这里每个特征只有自己的 `scale` 和 `shift`。",
    "An `nn.Linear` mixes the features: here each has only a `scale` and a `shift` of its own.",
    a_linear_layer,
)
scaling(
    "InputDetached",
    lambda self, x: x.detach() * self.scale + self.shift,
    "`x` 被断开了（`detach`）：梯度到不了前面的层。",
    "`x` is cut off by `detach`: no gradient reaches the layers before.",
)
scaling(
    "NothingReturned",
    lambda self, x: None,
    "`forward` 什么也没有返回：写 `return`。",
    "`forward` returns nothing: write `return`.",
)


predicted(
    "predict_gradients",
    "x_has_zeros",
    {"x": [0.0, 0.0]},
    "`x` 不要求梯度，它的 `.grad` 不是 0，而是 `None`。",
    "`x` doesn't require gradients: its `.grad` is not zero but `None`.",
)
predicted(
    "predict_gradients",
    "y_has_zeros",
    {"y": [0.0, 0.0]},
    "`y` 不是叶子，它的 `.grad` 不是 0，而是 `None`。",
    "`y` is no leaf: its `.grad` is not zero but `None`.",
)
predicted(
    "predict_gradients",
    "gradient_of_ones",
    {"w": [1.0, 1.0]},
    "`sum` 对 `y` 的导数才是 1；对 `w` 还要乘以 `x`。",
    "Ones are the derivative of `sum` with respect to `y`; for `w` multiply by `x`.",
)
predicted(
    "predict_gradients",
    "twice_as_much",
    {"w": [6.0, 8.0]},
    "第一次 `.backward()` 之后还没有累加：只有一份 `x`。",
    "After the first `.backward()` nothing has been added up yet: it is `x` once.",
)
predicted(
    "predict_gradients",
    "w_is_no_leaf",
    {"w": None},
    "`w` 是要求梯度的叶子，`.backward()` 之后它有梯度。",
    "`w` is a leaf that requires gradients, so it has one after `.backward()`.",
)
predicted(
    "predict_gradients",
    "second_to_none",
    {"w, again": None},
    "第二次 `.backward()` 不会清掉梯度，而是加上去。",
    "A second `.backward()` clears nothing: it adds.",
)
predicted(
    "predict_gradients",
    "multiplied_up",
    {"w, again": [9.0, 16.0]},
    "两次的梯度是相加，不是相乘。",
    "The two gradients are added, not multiplied.",
)
predicted(
    "predict_gradients",
    "one_gradient_left",
    {"w, cleared": [3.0, 4.0]},
    "`zero_grad()` 清掉全部累加的梯度，不只是最后一次。",
    "`zero_grad()` clears all that has been added up, not the last gradient alone.",
)
predicted(
    "predict_gradients",
    "y_is_a_leaf",
    {"y": [3.0, 4.0]},
    "`y` 是算出来的，`.grad` 是 `None`；`x` 的值是 `w` 的梯度。",
    "`y` was computed, and its `.grad` is `None`; the values of `x` are the gradient of `w`.",
)
predicted(
    "predict_gradients",
    "y_s_own_values",
    {"y": [3.0, 8.0]},
    "这是 `y` 的值，不是它的梯度。",
    "Those are the values of `y`, not its gradient.",
)
predicted(
    "predict_gradients",
    "x_has_its_values",
    {"x": [3.0, 4.0]},
    "这是 `x` 的值；它不要求梯度，`.grad` 是 `None`。",
    "Those are the values of `x`; it requires no gradient, and its `.grad` is `None`.",
)
predicted(
    "predict_gradients",
    "value_of_the_sum",
    {"w": 11.0},
    "这是 `y.sum()` 的值；梯度的形状与 `w` 相同。",
    "That is the value of `y.sum()`; a gradient has the shape of `w`.",
)
predicted(
    "predict_gradients",
    "values_and_gradients_added",
    {"w": [4.0, 6.0]},
    "这是 `w + x`；`w * x` 对 `w` 的导数是 `x`。",
    "That is `w + x`; the derivative of `w * x` with respect to `w` is `x`.",
)


@torch.no_grad()
def stepped(params, lr, change):
    for p in params:
        if p.grad is not None:
            p -= change(p, p.grad, lr)


def step(name, change, zh, en):
    known("sgd_step", name, lambda params, lr: stepped(params, lr, change), zh, en)


def data_assigned(params, lr):
    for p in params:
        if p.grad is not None:
            p.data = p.data - lr * p.grad


def from_the_list(params, lr):
    with torch.no_grad():
        while params:
            p = params.pop(0)
            if p.grad is not None:
                p -= lr * p.grad


def into_the_list(params, lr):
    with torch.no_grad():
        for i, p in enumerate(params):
            if p.grad is not None:
                params[i] = p - lr * p.grad


def zeroes_too(params, lr):
    solutions.sgd_step(params, lr)
    for p in params:
        if p.grad is not None:
            p.grad.zero_()


def zeroes_first(params, lr):
    for p in params:
        if p.grad is not None:
            p.grad.zero_()
    solutions.sgd_step(params, lr)


def not_the_last(params, lr):
    solutions.sgd_step(params[:-1], lr)


def params_returned(params, lr):
    solutions.sgd_step(params, lr)
    return params


def sums_that_vanish(params, lr):
    solutions.sgd_step([p for p in params if p.grad is not None and p.grad.sum() != 0], lr)


def new_list(params, lr):
    return [p - lr * p.grad for p in params if p.grad is not None]


def replaced_by_the_step(params, lr):
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p.copy_(lr * p.grad)


known(
    "sgd_step",
    "data_assigned",
    data_assigned,
    "`p.data = …` 换上了一块新内存：参数的视图不会跟着变；写 `p -= …`。",
    "`p.data = …` puts new memory in its place, and views of the parameter don't follow: write `p -= …`.",
)
known(
    "sgd_step",
    "from_the_list",
    from_the_list,
    "`pop` 把参数从列表里拿走了：列表要保持原样。",
    "`pop` takes the parameters out of the list: the list stays as it is.",
)
known(
    "sgd_step",
    "into_the_list",
    into_the_list,
    "新张量放进了列表，参数本身没有动：就地修改参数。",
    "New tensors are put into the list, and the parameters stay as they were: change the parameters in place.",
)
known(
    "sgd_step",
    "zeroes_too",
    zeroes_too,
    "之后梯度被填成了 0：清零是 `zero_grad()` 的事。",
    "Afterwards the gradients are filled with 0: clearing is the work of `zero_grad()`.",
)
known(
    "sgd_step",
    "zeroes_first",
    zeroes_first,
    "先把梯度清成 0，再更新，参数就不动了：不要清零。",
    "With the gradients cleared first, the step changes nothing: don't clear them.",
)
known(
    "sgd_step",
    "not_the_last",
    not_the_last,
    "最后一个参数没有更新：循环少走了一步。",
    "The last parameter isn't updated: the loop ends one step early.",
)
known(
    "sgd_step",
    "params_returned",
    params_returned,
    "更新是对的，但不该返回什么：去掉 `return`。",
    "The update is right, but nothing should come back: leave the `return` out.",
)
known(
    "sgd_step",
    "sums_that_vanish",
    sums_that_vanish,
    "梯度之和为 0，不等于没有梯度：要问的是 `p.grad is not None`。",
    "A gradient whose sum is 0 is still a gradient: ask `p.grad is not None`.",
)
known(
    "sgd_step",
    "new_list",
    new_list,
    "返回了一列新张量，参数没有动：就地修改，什么也不返回。",
    "A list of new tensors comes back, and the parameters stay as they were: change them in place, return nothing.",
)
known(
    "sgd_step",
    "replaced_by_the_step",
    replaced_by_the_step,
    "参数被换成了 `lr` 乘以梯度：要从原来的值里减去它。",
    "The parameter has become `lr` times the gradient: subtract that from its old value.",
)
step(
    "signs_alone",
    lambda p, g, lr: lr * g.sign(),
    "只用了梯度的符号：梯度的大小也要。",
    "Only the sign of the gradient is used: its size counts, too.",
)
step(
    "unit_gradients",
    lambda p, g, lr: lr * g / g.norm(),
    "梯度被除以了自己的长度：原样乘以 `lr`。",
    "The gradient is divided by its length: multiply it by `lr` as it is.",
)
known(
    "sgd_step",
    "over_the_number",
    lambda params, lr: solutions.sgd_step(params, lr / max(1, len(params))),
    "步子除以了参数的个数：`lr` 乘以梯度，不再除以什么。",
    "The step is divided by the number of parameters: it is `lr` times the gradient, divided by nothing.",
)
step(
    "mean_gradient",
    lambda p, g, lr: lr * g.mean(),
    "一个参数的所有元素走了同样的一步：每个元素用自己的梯度，不取平均。",
    "All elements of a parameter take the same step: each has its own gradient, which isn't averaged.",
)
step(
    "clipped",
    lambda p, g, lr: lr * g.clamp(-1, 1),
    "梯度被截断在 -1 到 1 之间：这里不裁剪。",
    "The gradients are cut to between -1 and 1: no clipping here.",
)
step(
    "divided_by_lr",
    lambda p, g, lr: g / lr,
    "梯度要乘以 `lr`，不是除以它。",
    "The gradient is multiplied by `lr`, not divided by it.",
)
step(
    "times_the_parameter",
    lambda p, g, lr: lr * g * p,
    "步子还乘上了参数自己：只要 `lr` 乘以梯度。",
    "The step is multiplied by the parameter as well: it is `lr` times the gradient alone.",
)
step(
    "two_steps",
    lambda p, g, lr: 2 * lr * g,
    "走了两步：每次调用只更新一次。",
    "Two steps are taken: one call updates once.",
)
step(
    "lr_alone",
    lambda p, g, lr: torch.full_like(p, lr),
    "减去的只是 `lr`，梯度没有用上。",
    "Only `lr` is subtracted, and the gradient isn't used.",
)
step(
    "lr_plus_gradient",
    lambda p, g, lr: lr + g,
    "`lr` 与梯度要相乘，不是相加。",
    "`lr` and the gradient are multiplied, not added.",
)
step(
    "with_decay",
    lambda p, g, lr: lr * (g + 0.01 * p),
    "多了权重衰减：只减去 `lr` 乘以梯度。",
    "There is weight decay in it: subtract `lr` times the gradient alone.",
)

predicted(
    "parameter_or_hyperparameter",
    "weight_chosen",
    {"the weight of a Linear layer": "hyperparameter"},
    "权重由梯度下降改动：它是参数。",
    "A weight is changed by gradient descent: it is a parameter.",
)
predicted(
    "parameter_or_hyperparameter",
    "weight_neither",
    {"the weight of a Linear layer": "neither"},
    "`nn.Linear` 的权重正是训练要找的：它是参数。",
    "The weight of an `nn.Linear` is just what training looks for: it is a parameter.",
)
predicted(
    "parameter_or_hyperparameter",
    "rate_neither",
    {"the learning rate": "neither"},
    "学习率由你选定：它是超参数。",
    "You choose the learning rate: it is a hyperparameter.",
)
predicted(
    "parameter_or_hyperparameter",
    "bias_neither",
    {"the bias of a convolution": "neither"},
    "偏置也由训练改动：它是参数。",
    "A bias is trained as well: it is a parameter.",
)
predicted(
    "parameter_or_hyperparameter",
    "layers_neither",
    {"the number of layers": "neither"},
    "层数由你选定：它是超参数。",
    "You choose the number of layers: it is a hyperparameter.",
)
predicted(
    "parameter_or_hyperparameter",
    "embedding_neither",
    {"the rows of an embedding": "neither"},
    "嵌入的每一行由训练改动：它们是参数。",
    "The rows of an embedding are changed by training: they are parameters.",
)
predicted(
    "parameter_or_hyperparameter",
    "batch_size_learned",
    {"the batch size": "parameter"},
    "批次大小由你选定，训练不会改动它。",
    "You choose the batch size, and training leaves it alone.",
)
predicted(
    "parameter_or_hyperparameter",
    "dropout_neither",
    {"the probability of dropout": "neither"},
    "dropout 的概率由你在训练之前选定：它是超参数。",
    "The probability of dropout is chosen before training: it is a hyperparameter.",
)
predicted(
    "parameter_or_hyperparameter",
    "data_learned",
    {"the training pictures": "parameter"},
    "训练图片是数据：训练读它们，不改动它们。",
    "The training pictures are data: training reads them, and doesn't change them.",
)

predicted(
    "predict_dtypes",
    "single_in_numpy",
    {"floats": ("float32", "float32")},
    "NumPy 默认双精度。",
    "NumPy's default is double precision.",
)
predicted(
    "predict_dtypes",
    "floats_swapped",
    {"floats": ("float32", "float64")},
    "弄反了：NumPy 默认双精度，PyTorch 默认单精度。",
    "The wrong way round: NumPy's default is double, PyTorch's single.",
)
predicted(
    "predict_dtypes",
    "quotients_whole",
    {"quotient": ("int64", "int64")},
    "`/` 在两边都给出浮点数；取整的除法是 `//`。",
    "On both sides `/` gives floats; the whole quotient is `//`.",
)
predicted(
    "predict_dtypes",
    "numpy_quotient_whole",
    {"quotient": ("int64", "float32")},
    "NumPy 里 `/` 也给出浮点数：整数除法是 `//`。",
    "In NumPy `/` gives floats as well: the whole quotient is `//`.",
)
predicted(
    "predict_dtypes",
    "numpy_quotient_single",
    {"quotient": ("float32", "float32")},
    "NumPy 里整数相除得到双精度。",
    "In NumPy a quotient of integers is double.",
)
predicted(
    "predict_dtypes",
    "mixed_swapped",
    {"mixed": ("float32", "float64")},
    "弄反了：NumPy 升到 float64，PyTorch 留在 float32。",
    "The wrong way round: NumPy goes up to float64, PyTorch stays with float32.",
)
predicted(
    "predict_dtypes",
    "mixed_whole",
    {"mixed": ("int64", "int64")},
    "整数与浮点数相加，得到浮点数。",
    "Integers plus floats are floats.",
)
predicted(
    "predict_dtypes",
    "mixed_error",
    {"mixed": ("float64", "RuntimeError")},
    "PyTorch 也会自己统一类型，不报错：取浮点那一方的。",
    "PyTorch, too, finds a common type, without an error: that of the floats.",
)
predicted(
    "predict_dtypes",
    "crossing_swapped",
    {"crossing": ("float64", "float32")},
    "来回时类型不变：`torch.ones(2)` 是单精度，`np.ones(2)` 是双精度。",
    "Crossing keeps the type: `torch.ones(2)` is single, `np.ones(2)` double.",
)
predicted(
    "predict_dtypes",
    "a_value_error",
    {"mean": (1.5, "ValueError")},
    "整数张量没有 `mean()`，但报的不是 `ValueError`：看看报错信息最后一行开头的名字。",
    "Tensors of integers have no `mean()`, but the error is no `ValueError`: its name begins the last line of what Python prints.",
)
predicted(
    "predict_dtypes",
    "dtype_of_the_mean",
    {"mean": ("float64", "RuntimeError")},
    "这里没有写 `.dtype`：结果是平均值这个数。",
    "There is no `.dtype` in it: the result is the mean, a number.",
)
predicted(
    "predict_dtypes",
    "dtypes_of_both_means",
    {"mean": ("float64", "float32")},
    "这里没有写 `.dtype`；而且 PyTorch 的整数张量没有 `mean()`，会报错。",
    "There is no `.dtype` in it; and in PyTorch integers have no `mean()`, which is an error.",
)
predicted(
    "predict_dtypes",
    "whole_means",
    {"mean": (1, 1)},
    "1 和 2 的平均是 1.5；PyTorch 则报错，不会取整。",
    "The mean of 1 and 2 is 1.5; and PyTorch raises an error rather than round.",
)
predicted(
    "predict_dtypes",
    "torch_rounds_the_mean",
    {"mean": (1.5, 1)},
    "PyTorch 不会取整：整数张量求 `mean()` 报错。",
    "PyTorch doesn't round: `mean()` of integers is an error.",
)
predicted(
    "predict_dtypes",
    "neither_has_a_mean",
    {"mean": ("RuntimeError", "RuntimeError")},
    "NumPy 的整数数组有 `mean()`，结果是浮点数。",
    "NumPy's integers do have a `mean()`, which is a float.",
)

predicted(
    "predict_numbers",
    "std_swapped",
    {"std": (1.414, 1.0)},
    "弄反了：NumPy 除以 n，PyTorch 除以 n - 1。",
    "The wrong way round: NumPy divides by n, PyTorch by n - 1.",
)
predicted(
    "predict_numbers",
    "half_ranges",
    {"std": (2.0, 2.0)},
    "这是两数之差；标准差是离平均的平方、取平均、再开方。",
    "That is the difference of the two; a deviation is the root of the mean square distance from the mean.",
)
predicted(
    "predict_numbers",
    "upper_median",
    {"median": (2.0, 3.0)},
    "`torch.median` 取中间两个里较小的，不是较大的。",
    "Of the middle two `torch.median` takes the smaller, not the larger.",
)
predicted(
    "predict_numbers",
    "both_lower",
    {"median": (1.0, 1.0)},
    "`np.median` 取中间两数的平均。",
    "`np.median` takes the mean of the middle two.",
)
predicted(
    "predict_numbers",
    "medians_swapped",
    {"median": (1.0, 2.0)},
    "弄反了：取平均的是 NumPy，取较小者的是 PyTorch。",
    "The wrong way round: NumPy averages, PyTorch takes the smaller.",
)
predicted(
    "predict_numbers",
    "repeats_swapped",
    {"repeat": ([1.0, 3.0, 1.0, 3.0], [1.0, 1.0, 3.0, 3.0])},
    "弄反了：`np.repeat` 逐个重复，张量的 `repeat` 重复整体。",
    "The wrong way round: `np.repeat` repeats each element, a tensor's `repeat` the whole.",
)
predicted(
    "predict_numbers",
    "repeat_in_rows",
    {"repeat": ([1.0, 1.0, 3.0, 3.0], [[1.0, 3.0], [1.0, 3.0]])},
    "张量的 `repeat(2)` 接在同一个轴上，不多出一个轴。",
    "A tensor's `repeat(2)` goes on along the same axis, and makes no new one.",
)
predicted(
    "predict_numbers",
    "splits_swapped",
    {"split": ([2, 2, 2], [3, 3])},
    "弄反了：NumPy 的 `2` 是几段，PyTorch 的 `2` 是每段几个。",
    "The wrong way round: NumPy's `2` is how many pieces, PyTorch's how many in each.",
)
predicted(
    "predict_numbers",
    "pieces_of_two",
    {"split": ([2, 2, 2], [2, 2, 2])},
    "`np.split(…, 2)` 说的是分成 2 段。",
    "`np.split(…, 2)` means two pieces.",
)
predicted(
    "predict_numbers",
    "cut_at_two",
    {"split": ([2, 4], [2, 4])},
    "`2` 不是切口的位置：NumPy 要写成列表 `[2]` 才是；PyTorch 里它是每段的长度。",
    "The `2` is not where to cut: in NumPy that would be the list `[2]`; in PyTorch it is the length of each piece.",
)
predicted(
    "predict_numbers",
    "sizes_swapped",
    {"size": ((2, 3), 6)},
    "弄反了：数组的 `size` 是个数，张量的 `size()` 是形状。",
    "The wrong way round: an array's `size` is a number of elements, a tensor's `size()` a shape.",
)
predicted(
    "predict_numbers",
    "rows_for_size",
    {"size": (2, (2, 3))},
    "数组的 `size` 是全部元素的个数，不是行数。",
    "An array's `size` is the number of all elements, not of rows.",
)

predicted(
    "predict_calls",
    "axis_swapped",
    {"axis or dim": ([4, 6], "TypeError")},
    "弄反了：NumPy 不懂 `dim`，PyTorch 两个都懂。",
    "The wrong way round: NumPy doesn't know `dim`, PyTorch understands both.",
)
predicted(
    "predict_calls",
    "rows_summed",
    {"axis or dim": ("TypeError", [3, 7])},
    "`axis=0` 把行加到一起，留下每列的和。",
    "`axis=0` adds the rows up, and leaves the sum of each column.",
)
predicted(
    "predict_calls",
    "everything_summed",
    {"axis or dim": ("TypeError", 10)},
    "给了 `axis=0`，只加这一个轴，不是全部。",
    "With `axis=0` that one axis is added up, not everything.",
)
predicted(
    "predict_calls",
    "along_the_columns",
    {"max": ([3, 4], ([3, 4], [1, 1]))},
    "沿第 1 轴，得到的是每行的最大值。",
    "Along axis 1 it is the largest of each row.",
)
predicted(
    "predict_calls",
    "indices_first",
    {"max": ([2, 4], ([1, 1], [2, 4]))},
    "先是值，后是下标。",
    "Values come first, then indices.",
)
predicted(
    "predict_calls",
    "numpy_has_indices",
    {"max": (([2, 4], [1, 1]), ([2, 4], [1, 1]))},
    "NumPy 的 `max` 只返回值；下标要用 `argmax`。",
    "NumPy's `max` returns values alone; for indices there is `argmax`.",
)
predicted(
    "predict_calls", "indices_from_one", {"max": ([2, 4], ([2, 4], [2, 2]))}, "下标从 0 数起。", "Indices count from 0."
)
predicted(
    "predict_calls",
    "largest_of_all",
    {"max": (4, 4)},
    "给了轴，就每行一个最大值；`max(dim=1)` 还返回下标。",
    "With an axis there is one maximum per row; and `max(dim=1)` returns indices as well.",
)
predicted(
    "predict_calls",
    "numpy_wants_an_axis",
    {"cumsum": ("TypeError", "TypeError")},
    "没有 `axis`，`np.cumsum` 先展平，不报错。",
    "Without `axis`, `np.cumsum` flattens first, and raises no error.",
)
predicted(
    "predict_calls",
    "down_the_columns",
    {"cumsum": ([[1, 2], [4, 6]], "TypeError")},
    "没有 `axis`，`np.cumsum` 先展平，不是沿着列。",
    "Without `axis`, `np.cumsum` flattens first: it doesn't go down the columns.",
)
predicted(
    "predict_calls",
    "along_the_rows",
    {"cumsum": ([[1, 3], [3, 7]], "TypeError")},
    "没有 `axis`，`np.cumsum` 先展平，不是沿着行。",
    "Without `axis`, `np.cumsum` flattens first: it doesn't go along the rows.",
)
predicted(
    "predict_calls",
    "a_runtime_error",
    {"cumsum": ([1, 3, 6, 10], "RuntimeError")},
    "少了必须的参数，Python 报的是 `TypeError`。",
    "For a missing argument Python raises a `TypeError`.",
)
predicted(
    "predict_calls",
    "columns_by_torch",
    {"cumsum": ([1, 3, 6, 10], [[1, 2], [4, 6]])},
    "`torch.cumsum` 没有默认的 `dim`：不写就报错。",
    "`torch.cumsum` has no default for `dim`: without it there is an error.",
)
predicted(
    "predict_calls",
    "dot_of_elements",
    {"dot": ([[1, 4], [9, 16]], "RuntimeError")},
    "`np.dot` 对矩阵是矩阵乘法，不是逐项相乘。",
    "For matrices `np.dot` is the matrix product, not term by term.",
)
predicted(
    "predict_calls",
    "both_of_elements",
    {"dot": ([[1, 4], [9, 16]], [[1, 4], [9, 16]])},
    "`np.dot` 对矩阵是矩阵乘法；`torch.dot` 不收矩阵，报错。",
    "For matrices `np.dot` is the matrix product; `torch.dot` takes none, and raises an error.",
)
predicted(
    "predict_calls",
    "flattened_dot",
    {"dot": ([[7, 10], [15, 22]], 30)},
    "`torch.dot` 不会展平：它只收向量，矩阵报错。",
    "`torch.dot` doesn't flatten: it takes vectors only, and matrices are an error.",
)
predicted(
    "predict_calls",
    "a_number_from_numpy",
    {"dot": (30, "RuntimeError")},
    "`np.dot` 不展平：两个矩阵相乘得到矩阵。",
    "`np.dot` doesn't flatten: of two matrices it makes a matrix.",
)
predicted(
    "predict_calls",
    "dot_s_type_error",
    {"dot": ([[7, 10], [15, 22]], "TypeError")},
    "张量的类型没有错，错的是轴的个数：那是 `RuntimeError`。",
    "The type is right, the number of axes is not: that is a `RuntimeError`.",
)
predicted(
    "predict_calls",
    "dot_s_value_error",
    {"dot": ([[7, 10], [15, 22]], "ValueError")},
    "PyTorch 对形状不合的张量报 `RuntimeError`。",
    "For tensors of unfit shapes PyTorch raises a `RuntimeError`.",
)
predicted(
    "predict_calls",
    "coordinates_in_both",
    {"nonzero": ([[0, 1], [1, 0], [1, 1]], [[0, 1], [1, 0], [1, 1]])},
    "NumPy 的 `nonzero` 按轴分开：先是所有行号，再是所有列号。",
    "NumPy's `nonzero` is by axis: all row numbers, then all column numbers.",
)
predicted(
    "predict_calls",
    "nonzero_swapped",
    {"nonzero": ([[0, 1], [1, 0], [1, 1]], ([0, 1, 1], [1, 0, 1]))},
    "弄反了：按轴分开的是 NumPy，每个元素一行的是 PyTorch。",
    "The wrong way round: NumPy goes by axis, PyTorch has one row per element.",
)
predicted(
    "predict_calls",
    "values_for_places",
    {"nonzero": ([2, 3, 4], [2, 3, 4])},
    "`nonzero` 给出的是位置，不是值。",
    "`nonzero` gives places, not values.",
)
predicted(
    "predict_calls",
    "flat_places",
    {"nonzero": ([1, 2, 3], [1, 2, 3])},
    "`nonzero` 不展平：每个位置有行号和列号。",
    "`nonzero` doesn't flatten: each place has a row and a column.",
)
predicted(
    "predict_calls",
    "truth_values",
    {"nonzero": ([[False, True], [True, True]], [[False, True], [True, True]])},
    "这是 `n > 1` 自己；`nonzero` 给出其中为真的位置。",
    "That is `n > 1` itself; `nonzero` gives the places where it is true.",
)
predicted(
    "predict_calls",
    "sorted_values_alone",
    {"sort": (None, [1, 2, 3])},
    "张量的 `sort()` 连下标一起返回。",
    "A tensor's `sort()` returns indices as well.",
)
predicted(
    "predict_calls",
    "both_sorted",
    {"sort": ([1, 2, 3], [1, 2, 3])},
    "数组的 `sort()` 就地排序，返回 `None`；张量的返回值和下标。",
    "An array's `sort()` works in place and returns `None`; a tensor's returns values and indices.",
)
predicted(
    "predict_calls",
    "sort_swapped",
    {"sort": ([1, 2, 3], None)},
    "弄反了：就地排序的是数组的 `sort()`。",
    "The wrong way round: it is an array's `sort()` that works in place.",
)
predicted(
    "predict_calls",
    "ranks",
    {"sort": (None, ([1, 2, 3], [2, 0, 1]))},
    "下标说的是：排好的每个数，原来在哪里；不是原来的每个数排在第几。",
    "The indices say where each sorted number came from, not which rank each number has.",
)
predicted(
    "predict_calls",
    "sorted_from_one",
    {"sort": (None, ([1, 2, 3], [2, 3, 1]))},
    "下标从 0 数起。",
    "The indices count from 0.",
)

predicted(
    "predict_memory",
    "flips_swapped",
    {"flip": (False, True)},
    "弄反了：`np.flip` 是视图，`torch.flip` 是拷贝。",
    "The wrong way round: `np.flip` is a view, `torch.flip` copies.",
)
predicted(
    "predict_memory",
    "torch_copies_backwards",
    {"backwards": (True, False)},
    "PyTorch 不会替你拷贝：`x[::-1]` 报错。",
    "PyTorch doesn't copy for you: `x[::-1]` is an error.",
)
predicted(
    "predict_memory",
    "both_copy_backwards",
    {"backwards": (False, False)},
    "数组的 `a[::-1]` 是视图；张量的 `x[::-1]` 报错。",
    "An array's `a[::-1]` is a view; a tensor's `x[::-1]` is an error.",
)
predicted(
    "predict_memory",
    "backwards_swapped",
    {"backwards": (False, True)},
    "数组的 `a[::-1]` 是视图；张量不许步长为负，`x[::-1]` 报错。",
    "An array's `a[::-1]` is a view; tensors allow no negative stride, and `x[::-1]` is an error.",
)
predicted(
    "predict_memory",
    "no_array_backwards",
    {"backwards": ("ValueError", "ValueError")},
    "NumPy 允许负的步长：`a[::-1]` 是视图。",
    "NumPy allows negative strides: `a[::-1]` is a view.",
)
predicted(
    "predict_memory",
    "an_index_error",
    {"backwards": (True, "IndexError")},
    "会报错，但步长为负是值不对：`ValueError`。",
    "It is an error, but a negative step is a wrong value: `ValueError`.",
)
predicted(
    "predict_memory",
    "a_runtime_error_backwards",
    {"backwards": (True, "RuntimeError")},
    "会报错，但名字不对：运行一下，看最后一行开头。",
    "It is an error, but of another name: run it, and see how the last line begins.",
)
predicted(
    "predict_memory",
    "a_type_error_backwards",
    {"backwards": (True, "TypeError")},
    "类型没有错，是步长的值不对：`ValueError`。",
    "The type is right; it is the value of the step that isn't: `ValueError`.",
)
predicted(
    "predict_memory",
    "dtype_swapped",
    {"same dtype": (True, False)},
    "弄反了：`astype` 总是拷贝，`to` 只在需要时才拷贝。",
    "The wrong way round: `astype` always copies, `to` only if it must.",
)
predicted(
    "predict_memory",
    "elements_swapped",
    {"one element": (True, False)},
    "弄反了：`a[0]` 是独立的数，`x[0]` 是视图。",
    "The wrong way round: `a[0]` is a number by itself, `x[0]` a view.",
)
predicted(
    "predict_memory",
    "from_numpy_swapped",
    {"from NumPy": (True, False)},
    "弄反了：`torch.tensor` 拷贝，`from_numpy` 共用内存。",
    "The wrong way round: `torch.tensor` copies, `from_numpy` shares memory.",
)
predicted(
    "predict_checks",
    "nothing_goes_through",
    {"as it should be": False},
    "形状和类型都符合：这一次通过。",
    "Shapes and types fit: this one goes through.",
)


def summary(name, zh, en, top=None, deviation=None, median=None, join=None):
    """Registers a summary in which only what is given is wrong."""

    def function(x):
        columns = [
            (top or (lambda x: x.amax(1)))(x),
            (deviation or (lambda x: x.std(1, correction=0)))(x),
            (median or (lambda x: x.quantile(0.5, dim=1)))(x),
        ]
        return (join or (lambda columns: torch.stack(columns, dim=1)))(columns)

    known("port_summary", name, function, zh, en)


def middle(x, *places):
    return x[:, list(places)].mean(dim=1)


summary(
    "factor_without_root",
    "从无偏的标准差换算，要乘以 $\\sqrt{(d-1)/d}$：少了根号。",
    "From the unbiased deviation the factor is $\\sqrt{(d-1)/d}$: the root is missing.",
    deviation=lambda x: x.std(1) * (x.shape[1] - 1) / x.shape[1],
)
summary(
    "factor_upside_down",
    "换算的因子倒过来了：要乘以 $\\sqrt{(d-1)/d}$，结果变小。",
    "The factor is upside down: it is $\\sqrt{(d-1)/d}$, which makes the deviation smaller.",
    deviation=lambda x: x.std(1) * (x.shape[1] / (x.shape[1] - 1)) ** 0.5,
)
summary(
    "unbiased_variance",
    "这是除以 n - 1 的方差：标准差要除以 n，再开方。",
    "That is a variance, over n - 1: for the deviation divide by n, and take the root.",
    deviation=lambda x: x.var(1),
)
summary(
    "places_of_the_maximum",
    "第一列是最大值的下标，要的是最大值本身。",
    "The first column holds indices of the maxima; the maxima themselves are wanted.",
    top=lambda x: x.argmax(1).to(x.dtype),
)
summary(
    "smallest",
    "第一列是最小值，要最大值。",
    "The first column is the minimum; the maximum is wanted.",
    top=lambda x: x.amin(1),
)
summary(
    "at_least_zero",
    "全是负数的一行，最大值也是负数，不是 0。",
    "Where a whole row is negative its maximum is negative, not 0.",
    top=lambda x: x.amax(1).clamp(min=0),
)
summary(
    "upper_of_the_middle",
    "个数为偶数时，中位数是中间两个的平均，不是较大的那个。",
    "For an even number the median is the mean of the middle two, not the larger of them.",
    median=lambda x: x.sort(1).values[:, x.shape[1] // 2],
)
summary(
    "middle_unsorted",
    "先排序，再取中间的：行里的数不是排好的。",
    "Sort first, then take the middle: the numbers of a row are in no order.",
    median=lambda x: x[:, x.shape[1] // 2],
)
summary(
    "two_unsorted",
    "取中间两个的平均是对的，但要先排序。",
    "The mean of the middle two is right, but sort first.",
    median=lambda x: middle(x, (x.shape[1] - 1) // 2, x.shape[1] // 2),
)
summary(
    "mean_of_the_ends",
    "这是最大与最小的平均，不是中位数。",
    "That is the mean of the largest and the smallest, and no median.",
    median=lambda x: (x.amax(1) + x.amin(1)) / 2,
)
summary(
    "commonest",
    "这是众数，不是中位数。",
    "That is the commonest value, and no median.",
    median=lambda x: x.mode(1).values,
)
summary(
    "median_second",
    "三列的顺序错了：最大值、标准差、中位数。",
    "The columns are in the wrong order: maximum, deviation, median.",
    join=lambda c: torch.stack([c[0], c[2], c[1]], dim=1),
)
summary(
    "deviation_first",
    "三列的顺序错了：最大值在最前面。",
    "The columns are in the wrong order: the maximum comes first.",
    join=lambda c: torch.stack([c[1], c[0], c[2]], dim=1),
)
summary(
    "shape_forced",
    "`reshape` 只改形状，不搬动数：三个量要作为列，写 `stack(…, dim=1)`。",
    "`reshape` changes the shape, and moves no numbers: to make them columns write `stack(…, dim=1)`.",
    join=lambda c: torch.stack(c).reshape(-1, 3),
)
summary(
    "mean_distance",
    "这是离平均的平均距离；标准差是平方、取平均、再开方。",
    "That is the mean distance from the mean; a deviation squares, averages and takes the root.",
    deviation=lambda x: (x - x.mean(1, keepdim=True)).abs().mean(1),
)
summary(
    "around_the_median",
    "标准差是离平均数的，不是离中位数的。",
    "A deviation is taken from the mean, not from the median.",
    deviation=lambda x: (x - x.quantile(0.5, dim=1, keepdim=True)).pow(2).mean(1).sqrt(),
)
summary(
    "root_of_the_sum",
    "平方相加之后，少了除以 n。",
    "After adding the squares, the division by n is missing.",
    deviation=lambda x: (x - x.mean(1, keepdim=True)).pow(2).sum(1).sqrt(),
)
summary(
    "one_deviation",
    "所有的行共用了一个标准差：每一行有自己的。",
    "One deviation serves all rows: each row has its own.",
    deviation=lambda x: x.std(correction=0).expand(len(x)),
)
summary(
    "both_defaults",
    "两处默认都与 NumPy 不同：`std` 除以 n - 1，`median` 取较小的那个。",
    "Two defaults are unlike NumPy's: `std` divides by n - 1, and `median` takes the smaller.",
    deviation=lambda x: x.std(1),
    median=lambda x: x.median(1).values,
)
known(
    "port_summary",
    "to_single_precision",
    lambda x: solutions.port_summary(x).float(),
    "float64 进，float64 出：结果不要转成 float32。",
    "float64 in, float64 out: don't turn the result into float32.",
)
known(
    "port_mirror",
    "not_doubled",
    lambda images: images.flip(-1),
    "翻转了，但行没有加倍。",
    "It is mirrored, but the rows are not doubled.",
)
known(
    "port_mirror",
    "pictures_reversed",
    lambda images: images.flip(0).repeat_interleave(2, dim=1),
    "倒过来的是图片的顺序：左右翻转是最后一个轴。",
    "It is the order of the pictures that is reversed: left to right is the last axis.",
)
known(
    "port_mirror",
    "all_flattened",
    lambda images: images.flip(-1).repeat_interleave(2),
    "没有写 `dim`，`repeat_interleave` 就先展平：写 `dim=1`。",
    "Without `dim`, `repeat_interleave` flattens first: write `dim=1`.",
)
known(
    "port_mirror",
    "turned_into_columns",
    lambda images: solutions.port_mirror(images).mT,
    "行和列对调了：结果是 `b rows w`。",
    "Rows and columns have changed places: the result is `b rows w`.",
)
known(
    "port_mirror",
    "both_doubled",
    lambda images: solutions.port_mirror(images).repeat_interleave(2, dim=2),
    "列也加倍了：只有行加倍。",
    "The columns are doubled as well: only the rows should be.",
)
known(
    "port_mirror",
    "one_of_two_mirrored",
    lambda images: torch.stack([images.flip(-1), images], dim=2).flatten(1, 2),
    "每两行里只有一行翻转了：两行都要。",
    "Of each two rows only one is mirrored: both should be.",
)
known(
    "port_mirror",
    "axis_left",
    lambda images: torch.stack([images.flip(-1)] * 2, dim=2),
    "加倍的行还在自己的轴里：把它与 `h` 合成一个轴。",
    "The doubled rows are still in an axis of their own: join it with `h`.",
)
known(
    "port_mirror",
    "three_times",
    lambda images: images.flip(-1).repeat_interleave(3, dim=1),
    "每行出现了三次：要两次。",
    "Each row comes three times: twice is wanted.",
)
known(
    "port_mirror",
    "every_other_row",
    lambda images: images.flip(-1).repeat_interleave(2, dim=1) * torch.tensor([1, 0] * images.shape[1])[:, None],
    "每两行里有一行还是 0：两行都要填上。",
    "Of each two rows one is still 0: fill in both.",
)

known(
    "normalize_rows",
    "nan_to_one",
    lambda matrix: torch.nan_to_num(matrix / matrix.norm(dim=1, keepdim=True), nan=1.0),
    "全 0 的行成了 1：保持为 0。",
    "A row of zeros has become ones: it stays zero.",
)
known(
    "normalize_rows",
    "first_element_zero",
    lambda matrix: torch.where(matrix[:, :1] == 0, matrix, solutions.normalize_rows(matrix)),
    "第一个元素为 0，不等于整行为 0：看长度。",
    "A row that begins with 0 need not be zero: look at its length.",
)
known(
    "normalize_rows",
    "some_element_zero",
    lambda matrix: torch.where((matrix == 0).any(1, keepdim=True), matrix, solutions.normalize_rows(matrix)),
    "有一个元素为 0，不等于整行为 0：看长度。",
    "A row with a 0 in it need not be zero: look at its length.",
)
known(
    "normalize_rows",
    "sum_of_absolutes",
    lambda matrix: nn.functional.normalize(matrix, p=1),
    "这是绝对值之和，不是长度：长度是平方和再开方。",
    "That is the sum of absolute values; a length is the root of the sum of squares.",
)
known(
    "normalize_rows",
    "lengths_in_float32",
    lambda matrix: solutions.normalize_rows(matrix.float()).to(matrix.dtype),
    "中间用了 float32：`float64` 的输入只剩约 7 位，变回去也补不回来。",
    "Computed in float32: of a `float64` input only 7 digits are left, and converting back restores none.",
)
known(
    "classifier_accuracy",
    "scores_in_single",
    lambda scores, true_classes: (scores.float().argmax(dim=1) == true_classes).float().mean(),
    "分数换成了 float32，只差一点点的就一样大了：直接对分数取 `argmax`。",
    "The scores are turned into float32, where those that differ by very little are equal: take `argmax` of them as they are.",
)
known(
    "classifier_accuracy",
    "softmax_first",
    lambda scores, true_classes: solutions.classifier_accuracy(scores.softmax(dim=1), true_classes),
    "先取了 softmax：舍入以后，相差很小的分数变得一样大；直接比较分数。",
    "The softmax is taken first: rounding makes close scores equal, so compare the scores themselves.",
)
known(
    "sample_distribution",
    "clamped_to_the_last",
    lambda probs, n: (torch.rand(n, 1) >= probs.cumsum(0)).sum(dim=1).clamp(max=len(probs) - 1),
    "越过最后一个右端的算成了最后一类，它的概率可能是 0：把右端除以最后一个右端。",
    "What passes the last end becomes the last category, whose probability may be 0: divide the ends by the last.",
)
known(
    "sample_distribution",
    "put_back_only_if_needed",
    lambda probs, n: torch.multinomial(probs, n, replacement=n > int((probs > 0).sum())),
    "`n` 小的时候没有放回：抽过的类就抽不到了，各次抽样并不独立。",
    "For small `n` nothing is put back: what was drawn can't come again, so the draws aren't independent.",
)
known(
    "normalize_rows",
    "columns_and_zeros",
    lambda matrix: nn.functional.normalize(matrix, dim=0),
    "你除以了每一列的长度：要除以每一行的，沿 `dim=1` 求。",
    "You divided by the length of each column: it is that of each row, along `dim=1`.",
)
known(
    "normalize_rows",
    "over_the_plain_sum",
    lambda matrix: matrix / matrix.sum(1, keepdim=True),
    "你除以了一行的和：长度是平方和再开方。",
    "You divided by the sum of the row: a length is the root of the sum of squares.",
)
known(
    "normalize_rows",
    "without_root_zeros_kept",
    lambda matrix: torch.nan_to_num(matrix / matrix.pow(2).sum(1, keepdim=True)),
    "平方和还要开方。",
    "The sum of squares still needs its root.",
)
known(
    "normalize_rows",
    "standardised",
    lambda matrix: (matrix - matrix.mean(1, keepdim=True)) / matrix.std(1, keepdim=True),
    "这是标准化：减去了平均，又除以标准差；这里只除以长度。",
    "That standardises, by mean and deviation: here divide by the length alone.",
)
known(
    "normalize_rows",
    "signs_lost",
    lambda matrix: solutions.normalize_rows(matrix).abs(),
    "符号丢了：单位长度的行保留原来的方向。",
    "The signs are lost: a row of unit length keeps its direction.",
)
known(
    "normalize_rows",
    "multiplied_by_length",
    lambda matrix: matrix * matrix.norm(dim=1, keepdim=True),
    "你乘以了长度：要除以它。",
    "You multiplied by the length: divide by it.",
)
known(
    "normalize_rows",
    "largest_signed",
    lambda matrix: matrix / matrix.amax(1, keepdim=True),
    "你除以了最大的元素，不是长度。",
    "You divided by the largest element, which is not the length.",
)
known(
    "normalize_rows",
    "long_rows_alone",
    lambda matrix: matrix / matrix.norm(dim=1, keepdim=True).clamp(min=1),
    "短于 1 的行没有变长：每一行都要除以自己的长度。",
    "Rows shorter than 1 stay as they are: divide each by its length.",
)
known(
    "normalize_rows",
    "added_to_the_squares",
    lambda matrix: matrix / (matrix.pow(2).sum(1, keepdim=True) + 1e-8).sqrt(),
    "加在平方和上的数，开方之后就大了：很短的行到不了长度 1；只处理长度为 0 的行。",
    "What is added to the sum of squares grows by the root, and very short rows don't reach length 1: treat only rows of length 0.",
)
known(
    "cos_sim_matrix",
    "cosines_in_float32",
    lambda matrix: solutions.cos_sim_matrix(matrix.float()).to(matrix.dtype),
    "中间用了 float32：`float64` 的输入只剩约 7 位，变回去也补不回来。",
    "Computed in float32: of a `float64` input only 7 digits are left, and converting back restores none.",
)
known(
    "cos_sim_matrix",
    "the_floor_of_cosine_similarity",
    lambda matrix: nn.functional.cosine_similarity(matrix[:, None], matrix[None], dim=2),
    "`F.cosine_similarity` 默认把长度的下限定在 1e-8，更短的行余弦就太小：只有长度恰好为 0 的行例外。",
    "By default `F.cosine_similarity` has a least length of 1e-8, and for shorter rows the cosine is too small: only a length of exactly 0 is special.",
)
known(
    "normalize_rows",
    "added_to_the_length",
    lambda matrix: matrix / (matrix.norm(dim=1, keepdim=True) + 1e-8),
    "加在长度上的数，对很短的行来说太大了：只处理长度为 0 的行。",
    "What is added to the length is too much for very short rows: treat only rows of length 0.",
)
known(
    "normalize_rows",
    "floor_for_short_rows",
    lambda matrix: matrix / matrix.norm(dim=1, keepdim=True).clamp(min=1e-8),
    "长度的下限对很短的行来说太大了：只处理长度恰好为 0 的行。",
    "The least length allowed is too much for very short rows: treat only rows whose length is exactly 0.",
)
known(
    "normalize_rows",
    "zero_if_one_is",
    lambda matrix: torch.zeros_like(matrix) if (matrix == 0).all(1).any() else solutions.normalize_rows(matrix),
    "有一行全是 0，你就把整个矩阵清零了：只有那一行保持为 0。",
    "One row of zeros, and the whole matrix is cleared: only that row stays zero.",
)


def scaled_in_place(matrix):
    length = matrix.norm(dim=1, keepdim=True)
    matrix /= torch.where(length == 0, 1, length)
    return matrix


known(
    "normalize_rows",
    "scaled_in_place",
    scaled_in_place,
    "`/=` 就地改动了传入的 `matrix`：写 `matrix / …`。",
    "`/=` changes the `matrix` that was given: write `matrix / …`.",
)

known(
    "cos_sim_matrix",
    "squared",
    lambda matrix: solutions.cos_sim_matrix(matrix) ** 2,
    "这是余弦的平方。",
    "Those are squares of cosines.",
)
known(
    "cos_sim_matrix",
    "negatives_cut",
    lambda matrix: solutions.cos_sim_matrix(matrix).clamp(min=0),
    "余弦可以是负数：不要截断。",
    "A cosine may be negative: don't cut it off.",
)
known(
    "cos_sim_matrix",
    "angles_in_degrees",
    lambda matrix: solutions.cos_sim_matrix(matrix).acos().rad2deg(),
    "这是角度，要的是它的余弦。",
    "Those are angles; their cosines are wanted.",
)
known(
    "cos_sim_matrix",
    "columns_normalised_first",
    lambda matrix: (lambda rows: rows @ rows.T)(nn.functional.normalize(matrix, dim=0)),
    "你除以了列的长度：每一行除以自己的。",
    "You divided by the lengths of the columns: each row is divided by its own.",
)
known(
    "cos_sim_matrix",
    "transposed_product",
    lambda matrix: solutions.normalize_rows(matrix).T @ solutions.normalize_rows(matrix),
    "转置在错的一边：行配行是 `rows @ rows.T`。",
    "The transpose stands on the wrong side: rows with rows is `rows @ rows.T`.",
)
known(
    "cos_sim_matrix",
    "over_the_whole",
    lambda matrix: matrix @ matrix.T / matrix.norm() ** 2,
    "你除以了整个矩阵的长度：每一对除以各自的长度。",
    "You divided by the length of the whole matrix: each pair is divided by its own two.",
)
known(
    "cos_sim_matrix",
    "lengths_added",
    lambda matrix: torch.nan_to_num(matrix @ matrix.T / (matrix.norm(dim=1)[:, None] + matrix.norm(dim=1))),
    "两个长度要相乘，不是相加。",
    "The two lengths are multiplied, not added.",
)
known(
    "cos_sim_matrix",
    "added_to_the_product",
    lambda matrix: matrix @ matrix.T / (matrix.norm(dim=1)[:, None] * matrix.norm(dim=1) + 1e-8),
    "加在分母上的数，对很短的行来说太大：先用 `normalize_rows`。",
    "What is added to the denominator is too much for very short rows: use `normalize_rows` first.",
)
known(
    "cos_sim_matrix",
    "diagonal_cleared",
    lambda matrix: solutions.cos_sim_matrix(matrix).fill_diagonal_(0),
    "每一行与自己的相似度是 1，不是 0。",
    "Each row's similarity with itself is 1, not 0.",
)
known(
    "cos_sim_matrix",
    "euclidean_distances",
    lambda matrix: torch.cdist(matrix, matrix),
    "这是距离，要的是夹角的余弦。",
    "Those are distances; cosines of angles are wanted.",
)
known(
    "cos_sim_matrix",
    "upper_half",
    lambda matrix: solutions.cos_sim_matrix(matrix).triu(),
    "对角线以下还是 0：另一半也要填上。",
    "Below the diagonal there are still zeros: fill in the other half.",
)
known(
    "cos_sim_matrix",
    "zero_rows_are_one",
    lambda matrix: torch.nan_to_num(matrix @ matrix.T / (matrix.norm(dim=1)[:, None] * matrix.norm(dim=1)), nan=1.0),
    "与全 0 的行的相似度是 0，不是 1。",
    "With a row of zeros the similarity is 0, not 1.",
)
known(
    "cos_sim_matrix",
    "with_sums_of_absolutes",
    lambda matrix: (lambda rows: rows @ rows.T)(nn.functional.normalize(matrix, p=1)),
    "你除以了绝对值之和：要除以长度。",
    "You divided by sums of absolute values: divide by lengths.",
)
known(
    "cos_sim_matrix",
    "negated_cosines",
    lambda matrix: -solutions.cos_sim_matrix(matrix),
    "符号反了。",
    "The sign is reversed.",
)
known(
    "cos_sim_matrix",
    "root_of_lengths",
    lambda matrix: torch.nan_to_num(matrix @ matrix.T / (matrix.norm(dim=1)[:, None] * matrix.norm(dim=1)).sqrt()),
    "分母多开了一次方：就是两个长度的乘积。",
    "The denominator has a root too many: it is just the product of the lengths.",
)


def drawn(name, function, zh, en):
    known("sample_distribution", name, function, zh, en)


drawn(
    "as_floats",
    lambda probs, n: torch.multinomial(probs, n, replacement=True).float(),
    "样本是类的编号：要整数。",
    "Samples are numbers of categories: integers are wanted.",
)
drawn(
    "a_column",
    lambda probs, n: torch.multinomial(probs, n, replacement=True)[:, None],
    "多了一个轴：结果的形状是 `(n,)`。",
    "There is an axis too many: the result has the shape `(n,)`.",
)
drawn(
    "one_too_many",
    lambda probs, n: torch.multinomial(probs, n + 1, replacement=True),
    "多抽了一次：恰好 `n` 个。",
    "One draw too many: exactly `n` are wanted.",
)
drawn(
    "one_too_few",
    lambda probs, n: torch.multinomial(probs, n - 1, replacement=True),
    "少抽了一次：恰好 `n` 个。",
    "One draw too few: exactly `n` are wanted.",
)
drawn(
    "probabilities_for_samples",
    lambda probs, n: probs[torch.multinomial(probs, n, replacement=True)],
    "返回的是抽中的概率：要的是类的编号。",
    "What comes back are probabilities drawn: the numbers of the categories are wanted.",
)
drawn(
    "sorted_samples",
    lambda probs, n: torch.multinomial(probs, n, replacement=True).sort().values,
    "样本排过序了：顺序也要随机。",
    "The samples are sorted: their order is random, too.",
)
drawn(
    "seed_set",
    lambda probs, n: (torch.manual_seed(0), torch.multinomial(probs, n, replacement=True))[1],
    "每次调用都重新设种子，抽到的总是一样：不要设种子。",
    "The seed is set again in each call, and each draws the same: set none.",
)
drawn(
    "counts_of_each",
    lambda probs, n: (probs * n).round().long(),
    "这是各类的期望个数：要的是 `n` 个样本。",
    "Those are the expected counts: `n` samples are wanted.",
)
drawn(
    "without_cumsum_at_all",
    lambda probs, n: (torch.rand(n, len(probs)) < probs).int().argmax(dim=1),
    "每一类各抽各的，再取第一个：一次抽样只用一个随机数，与累加和比较。",
    "Each category is drawn by itself, and the first is taken: a draw uses one random number, compared with the cumulative sums.",
)
drawn(
    "normal_numbers",
    lambda probs, n: (torch.randn(n, 1) >= probs.cumsum(0)[:-1]).sum(1),
    "`torch.randn` 是正态分布的：要 0 到 1 之间均匀的 `torch.rand`。",
    "`torch.randn` is normally distributed: it takes `torch.rand`, uniform from 0 to 1.",
)
drawn(
    "first_end_not_passed",
    lambda probs, n: (torch.rand(n, 1) < probs.cumsum(0)).int().argmin(1),
    "你找的是第一个还没有超过的段之后：要第一个比随机数大的右端。",
    "You found the wrong end: it is the first right end above the random number.",
)
drawn(
    "shifted_by_the_zero",
    lambda probs, n: torch.searchsorted(torch.cat([torch.zeros(1), probs.cumsum(0)]), torch.rand(n)),
    "段的左端 0 也被数进去了，每个样本大了 1。",
    "The left end 0 is counted as well, and each sample is too large by 1.",
)
drawn(
    "noise_added",
    lambda probs, n: (probs + torch.rand(n, len(probs))).argmax(1),
    "概率加上随机数再取最大，得到的不是这个分布。",
    "The largest of probability plus random number has another distribution.",
)
drawn(
    "noise_multiplied",
    lambda probs, n: (probs * torch.rand(n, len(probs))).argmax(1),
    "概率乘以随机数再取最大，得到的不是这个分布。",
    "The largest of probability times random number has another distribution.",
)
drawn(
    "squared_probabilities",
    lambda probs, n: torch.multinomial(probs**2, n, replacement=True),
    "概率被平方了。",
    "The probabilities are squared.",
)

known(
    "classifier_accuracy",
    "in_the_dtype_of_scores",
    lambda scores, true_classes: (scores.argmax(1) == true_classes).to(scores.dtype).mean(),
    "只在分数是 float64 时错：准确率总是 float32，用 `.float()`。",
    "Wrong only where scores are float64: an accuracy is always float32, by `.float()`.",
)
known(
    "classifier_accuracy",
    "in_double",
    lambda scores, true_classes: (scores.argmax(1) == true_classes).double().mean(),
    "这是 float64：要 float32。",
    "This is float64: float32 is wanted.",
)
known(
    "classifier_accuracy",
    "a_python_number",
    lambda scores, true_classes: (scores.argmax(1) == true_classes).float().mean().item(),
    "返回的是 Python 的数：去掉 `.item()`，要零维张量。",
    "That is a Python number: a tensor without axes is wanted, so leave `.item()` out.",
)
known(
    "classifier_accuracy",
    "one_per_example",
    lambda scores, true_classes: (scores.argmax(1) == true_classes).float(),
    "这是每个样本的对错：还要取平均。",
    "That is right or wrong for each example: take the mean.",
)
known(
    "classifier_accuracy",
    "all_of_them",
    lambda scores, true_classes: (scores.argmax(1) == true_classes).all().float(),
    "`all` 只问是不是全对：要答对的比例。",
    "`all` asks whether all are right: the share of right ones is wanted.",
)
known(
    "classifier_accuracy",
    "whole_batch_argmax",
    lambda scores, true_classes: (scores.argmax() == true_classes).float().mean(),
    "`argmax()` 没有写 `dim`，在整个批次里找：写 `dim=1`。",
    "Without `dim`, `argmax()` looks through the whole batch: write `dim=1`.",
)
known(
    "classifier_accuracy",
    "values_for_classes",
    lambda scores, true_classes: (scores.amax(1) == true_classes).float().mean(),
    "你拿最高的分数与类别比：要的是它的下标，`argmax`。",
    "You compared the highest score with the class: its index is wanted, `argmax`.",
)
known(
    "classifier_accuracy",
    "every_pair",
    lambda scores, true_classes: (scores.argmax(1, keepdim=True) == true_classes).float().mean(),
    "每个预测与每个答案都比了：预测要与 `true_classes` 同形状，不要 `keepdim`。",
    "Each prediction is compared with each answer: it takes the shape of `true_classes`, without `keepdim`.",
)
known(
    "classifier_accuracy",
    "over_all_scores",
    lambda scores, true_classes: (scores.argmax(1) == true_classes).sum() / scores.numel(),
    "答对的个数除以了分数的个数：要除以样本数。",
    "The number of right ones is divided by that of scores: divide by that of examples.",
)
known(
    "classifier_accuracy",
    "above_a_half",
    lambda scores, true_classes: (scores.gather(1, true_classes[:, None]) > 0.5).float().mean(),
    "分数最高就算预测，不要求超过 0.5。",
    "The highest score is the prediction, whether or not it is above 0.5.",
)
known(
    "classifier_accuracy",
    "classes_from_one",
    lambda scores, true_classes: (scores.argmax(1) + 1 == true_classes).float().mean(),
    "类别从 0 数起，不用加 1。",
    "Classes count from 0: add nothing.",
)
known(
    "classifier_accuracy",
    "mean_over_classes",
    lambda scores, true_classes: torch.stack(
        [(scores.argmax(1) == true_classes)[true_classes == c].float().mean() for c in true_classes.unique()]
    ).mean(),
    "这是各类准确率的平均：每个样本的分量应当相同。",
    "That is the mean over classes: each example should count the same.",
)
known(
    "classifier_accuracy",
    "by_absolute_score",
    lambda scores, true_classes: (scores.abs().argmax(1) == true_classes).float().mean(),
    "最高的分数不是绝对值最大的分数。",
    "The highest score is not the largest absolute value.",
)

for _exercise, _fetch in (
    ("total_price_indexing", lambda prices, items: prices[items]),
    ("total_price_gather", lambda prices, items: prices.gather(0, items)),
):
    for _name, _total, _zh, _en in (
        (
            "to_cents",
            lambda bought: round(bought.sum().item(), 2),
            "总价舍入到了分：原样返回，价格不一定只有两位小数。",
            "The total is rounded to cents: return it as it is, for prices may have more decimals.",
        ),
        (
            "to_four_decimals",
            lambda bought: round(bought.sum().item(), 4),
            "总价被舍入了：原样返回。",
            "The total is rounded: return it as it is.",
        ),
        (
            "rounded_to_whole",
            lambda bought: round(bought.sum().item()),
            "总价舍入成了整数：原样返回。",
            "The total is rounded to a whole number: return it as it is.",
        ),
        (
            "not_added_up",
            lambda bought: bought.tolist(),
            "这是每件的价格：还要相加。",
            "Those are the prices of all items: add them up.",
        ),
        (
            "an_array_of_one",
            lambda bought: bought.sum().reshape(1),
            "返回的是张量：要 Python 的数，用 `.item()`。",
            "That is a tensor: a Python number is wanted, by `.item()`.",
        ),
        (
            "dearest",
            lambda bought: bought.max().item() if len(bought) else 0.0,
            "这是最贵的一件：要总价。",
            "That is the dearest item: the total is wanted.",
        ),
        (
            "number_of_items",
            lambda bought: float(len(bought)),
            "这是件数：要总价。",
            "That is how many items there are: the total is wanted.",
        ),
        (
            "never_negative",
            lambda bought: max(0.0, bought.sum().item()),
            "价格可以是负数（例如退款）：不要截断。",
            "A price may be negative, as of a refund: don't cut it off.",
        ),
        (
            "absolute_total",
            lambda bought: abs(bought.sum().item()),
            "价格可以是负数：不要取绝对值。",
            "A price may be negative: don't take the absolute value.",
        ),
        (
            "nothing_is_none",
            lambda bought: bought.sum().item() if len(bought) else None,
            "什么也没买时总价是 0，不是 `None`。",
            "The total of nothing is 0, not `None`.",
        ),
        (
            "multiplied_up_total",
            lambda bought: bought.prod().item(),
            "价格要相加，不是相乘。",
            "Prices are added, not multiplied.",
        ),
        (
            "first_item_alone",
            lambda bought: bought[0].item() if len(bought) else 0.0,
            "只有第一件：所有的都要加上。",
            "That is the first item alone: add all of them.",
        ),
    ):
        known(
            _exercise,
            _name,
            lambda prices, items, _fetch=_fetch, _total=_total: _total(_fetch(prices, items)),
            _zh,
            _en,
        )
    known(
        _exercise,
        "zero_for_number_zero",
        lambda prices, items, _fetch=_fetch: _fetch(prices, items).sum().item() if items.any() else 0.0,
        "编号 0 也是商品：没有东西要看 `len(items)`，不看编号是不是 0。",
        "Number 0 is an item, too: whether nothing was bought is told by `len(items)`, not by numbers being 0.",
    )
known(
    "total_price_gather",
    "by_indexing",
    lambda prices, items: prices[items].sum().item(),
    "总价对了，但用的是索引：这里要用 `gather`。",
    "The total is right, but by indexing: `gather` is wanted here.",
)

known(
    "gather_2d",
    "of_the_transpose",
    lambda matrix, indexes: matrix.T.gather(1, indexes),
    "矩阵被转置了：第 i 行的元素在 `matrix[i]` 里。",
    "The matrix is transposed: the elements of row i are in `matrix[i]`.",
)
known(
    "gather_2d",
    "columns_sorted",
    lambda matrix, indexes: matrix.gather(1, indexes.sort(1).values),
    "顺序变了：照 `indexes` 给出的顺序取。",
    "The order has changed: take them as `indexes` has them.",
)
known(
    "gather_2d",
    "reversed_columns",
    lambda matrix, indexes: matrix.gather(1, indexes.flip(1)),
    "每一行的顺序倒过来了。",
    "The order within each row is reversed.",
)
known(
    "gather_2d",
    "leading_columns",
    lambda matrix, indexes: matrix[:, : indexes.shape[1]],
    "你取了最前面的几列，没有看 `indexes` 里的编号。",
    "You took the first columns, without looking at the numbers in `indexes`.",
)
known(
    "gather_2d",
    "indexes_themselves",
    lambda matrix, indexes: indexes.to(matrix.dtype),
    "返回的是列号，不是那里的元素。",
    "Those are the column numbers, not the elements found there.",
)
known(
    "gather_2d",
    "every_row_with_all",
    lambda matrix, indexes: matrix[:, indexes],
    "`matrix[:, indexes]` 对每一行用了全部的列号：每一行只用自己的。",
    "`matrix[:, indexes]` uses all column numbers for every row: each row has only its own.",
)
known(
    "gather_2d",
    "first_of_each",
    lambda matrix, indexes: matrix.gather(1, indexes[:, :1]),
    "每一行只取了一个：`indexes` 的每一列都要。",
    "Only one is taken of each row: every column of `indexes` counts.",
)
known(
    "gather_2d",
    "added_by_row",
    lambda matrix, indexes: matrix.gather(1, indexes).sum(1),
    "取出来的又加在了一起：要原样留下。",
    "What was taken is added up: keep it as it is.",
)
known(
    "gather_2d",
    "wrong_row_width",
    lambda matrix, indexes: matrix.take(indexes + indexes.shape[1] * torch.arange(len(matrix))[:, None]),
    "展平之后一行有 `matrix.shape[1]` 个数，不是 `indexes.shape[1]` 个。",
    "In the flattened matrix a row has `matrix.shape[1]` numbers, not `indexes.shape[1]`.",
)
known(
    "gather_2d",
    "last_row_for_all",
    lambda matrix, indexes: matrix[-1][indexes],
    "所有的元素都来自最后一行：第 i 行取自己的。",
    "Every element comes from the last row: row i takes its own.",
)
known(
    "gather_2d",
    "one_to_the_right",
    lambda matrix, indexes: matrix.gather(1, (indexes + 1) % matrix.shape[1]),
    "列号从 0 数起，不用加 1。",
    "Columns count from 0: add nothing.",
)
known(
    "gather_2d",
    "rows_of_lists",
    lambda matrix, indexes: [matrix[i, row].tolist() for i, row in enumerate(indexes)],
    "返回的是列表：要张量，用 `torch.stack`。",
    "That is a list: a tensor is wanted, by `torch.stack`.",
)

known(
    "integer_array_indexing",
    "from_one_counted",
    lambda matrix, coords: matrix[tuple((coords - 1).T)],
    "坐标从 0 数起，不用减 1。",
    "Coordinates count from 0: subtract nothing.",
)
known(
    "integer_array_indexing",
    "first_point_alone",
    lambda matrix, coords: matrix[tuple(coords[0])][None],
    "只取了第一个元素：`coords` 的每一行都要。",
    "Only the first element is taken: every row of `coords` counts.",
)
known(
    "integer_array_indexing",
    "list_of_numbers",
    lambda matrix, coords: [matrix[tuple(c)].item() for c in coords],
    "返回的是列表：要张量。",
    "That is a list: a tensor is wanted.",
)
known(
    "integer_array_indexing",
    "each_point_once",
    lambda matrix, coords: matrix[tuple(coords.unique(dim=0).T)],
    "重复的坐标要重复取，顺序也要照旧。",
    "Coordinates that are repeated repeat their element, and the order is as given.",
)
known(
    "integer_array_indexing",
    "axis_too_many",
    lambda matrix, coords: matrix[tuple(coords.T)][:, None],
    "多了一个轴：结果的形状是 `(batch,)`。",
    "There is an axis too many: the result has the shape `(batch,)`.",
)
known(
    "integer_array_indexing",
    "last_axis_alone",
    lambda matrix, coords: matrix.flatten()[coords[:, -1]],
    "只用了最后一个坐标：前面的轴也要算进去。",
    "Only the last coordinate is used: the axes before it count as well.",
)
known(
    "integer_array_indexing",
    "first_and_last",
    lambda matrix, coords: matrix.flatten()[
        (coords[:, 0] * matrix.shape[-1] + coords[:, -1]) if coords.shape[1] > 1 else coords[:, 0]
    ],
    "中间的轴没有算进去：这个公式只对两个轴成立。",
    "The axes in the middle are left out: the formula holds for two axes only.",
)
known(
    "integer_array_indexing",
    "own_size_for_stride",
    lambda matrix, coords: matrix.flatten()[
        sum(coords[:, k] * matrix.shape[k] for k in range(coords.shape[1] - 1)) + coords[:, -1]
    ],
    "一步的长度是后面各轴长度的乘积，不是这个轴自己的长度。",
    "A step is as long as the product of the later axes' lengths, not as the axis itself.",
)
known(
    "integer_array_indexing",
    "sorted_coordinates",
    lambda matrix, coords: matrix[tuple(coords.sort(1).values.T)],
    "坐标排过序了：第几个数属于第几个轴。",
    "The coordinates are sorted: the k-th number belongs to the k-th axis.",
)
known(
    "integer_array_indexing",
    "strides_of_memory",
    lambda matrix, coords: matrix.flatten()[(coords * torch.tensor(matrix.stride())).sum(1)],
    "输入不连续时，`stride()` 不是展平之后的步长：用形状算，或者直接索引。",
    "For a non-contiguous input `stride()` is not that of the flattened tensor: compute it from the shape, or index directly.",
)
known(
    "integer_array_indexing",
    "sum_of_elements",
    lambda matrix, coords: matrix[tuple(coords.T)].sum(),
    "取出来的又加在了一起：每行坐标留一个数。",
    "What was taken is added up: one number per row of coordinates is kept.",
)
known(
    "integer_array_indexing",
    "single_precision_out",
    lambda matrix, coords: matrix[tuple(coords.T)].float(),
    "float64 进，float64 出：结果不要变成 float32。",
    "float64 in, float64 out: the result doesn't become float32.",
)

known(
    "collect_rows",
    "reversed_rows",
    lambda matrix, row_indexes: matrix[row_indexes.flip(0)],
    "顺序倒过来了。",
    "The order is reversed.",
)
known(
    "collect_rows",
    "rows_as_a_list",
    lambda matrix, row_indexes: [matrix[i] for i in row_indexes],
    "返回的是列表：用 `torch.stack` 变成张量。",
    "That is a list: `torch.stack` makes it a tensor.",
)
known(
    "collect_rows",
    "rows_end_to_end",
    lambda matrix, row_indexes: torch.cat([matrix[i] for i in row_indexes]),
    "`cat` 把行接成了一长条：要 `stack`。",
    "`cat` puts the rows end to end: it takes `stack`.",
)
known(
    "collect_rows",
    "only_the_first_row",
    lambda matrix, row_indexes: matrix[row_indexes[0]],
    "只取了第一个编号的行：每个编号都要。",
    "Only the row of the first number is taken: every number counts.",
)
known(
    "collect_rows",
    "rows_and_columns",
    lambda matrix, row_indexes: matrix[row_indexes][:, row_indexes],
    "列也挑过了：只挑行，列全部留下。",
    "Columns are chosen, too: choose rows, and keep all columns.",
)
known(
    "collect_rows",
    "last_rows",
    lambda matrix, row_indexes: matrix[-len(row_indexes) :],
    "你取了最后的几行，没有看 `row_indexes` 里的编号。",
    "You took the last rows, without looking at the numbers in `row_indexes`.",
)
known(
    "collect_rows",
    "forced_to_n_k",
    lambda matrix, row_indexes: matrix[row_indexes].reshape(matrix.shape[1], len(row_indexes)),
    "`reshape` 成了 `n k`：结果是 `k n`，不用换形状。",
    "It is reshaped to `n k`: the result is `k n`, and needs no other shape.",
)
known(
    "collect_rows",
    "all_if_zero",
    lambda matrix, row_indexes: matrix[row_indexes] if row_indexes.any() else matrix,
    "编号 0 也是一行：不要把 0 当成没有。",
    "Number 0 is a row, too: don't take 0 for nothing.",
)
known(
    "collect_rows",
    "one_row_on",
    lambda matrix, row_indexes: matrix[(row_indexes + 1) % len(matrix)],
    "行号从 0 数起，不用加 1。",
    "Rows count from 0: add nothing.",
)
known(
    "collect_columns",
    "forced_to_k_m",
    lambda matrix, column_indexes: matrix[:, column_indexes].reshape(len(column_indexes), len(matrix)),
    "`reshape` 成了 `k m`：结果是 `m k`，不用换形状。",
    "It is reshaped to `k m`: the result is `m k`, and needs no other shape.",
)
known(
    "collect_columns",
    "columns_read_as_rows",
    lambda matrix, column_indexes: matrix.T[column_indexes].reshape(len(matrix), len(column_indexes)),
    "`reshape` 只改形状，不把列变回列：用 `.T` 转置回来。",
    "`reshape` changes the shape, and doesn't make columns of rows again: transpose back by `.T`.",
)
known(
    "collect_columns",
    "reversed_columns_collected",
    lambda matrix, column_indexes: matrix[:, column_indexes.flip(0)],
    "顺序倒过来了。",
    "The order is reversed.",
)
known(
    "collect_columns",
    "columns_as_a_list",
    lambda matrix, column_indexes: [matrix[:, j] for j in column_indexes],
    "返回的是列表：用 `torch.stack(…, dim=1)` 变成张量。",
    "That is a list: `torch.stack(…, dim=1)` makes it a tensor.",
)
known(
    "collect_columns",
    "columns_end_to_end",
    lambda matrix, column_indexes: torch.cat([matrix[:, j] for j in column_indexes]),
    "`cat` 把列接成了一长条：要 `stack`，写 `dim=1`。",
    "`cat` puts the columns end to end: it takes `stack`, with `dim=1`.",
)
known(
    "collect_columns",
    "only_the_first_column",
    lambda matrix, column_indexes: matrix[:, column_indexes[0]],
    "只取了第一个编号的列：每个编号都要。",
    "Only the column of the first number is taken: every number counts.",
)
known(
    "collect_columns",
    "last_columns",
    lambda matrix, column_indexes: matrix[:, -len(column_indexes) :],
    "你取了最后的几列，没有看 `column_indexes` 里的编号。",
    "You took the last columns, without looking at the numbers in `column_indexes`.",
)
known(
    "collect_columns",
    "first_row_alone",
    lambda matrix, column_indexes: matrix[0][column_indexes],
    "只有第一行：每一行都要。",
    "That is the first row alone: every row counts.",
)
known(
    "collect_columns",
    "axes_squeezed",
    lambda matrix, column_indexes: matrix[:, column_indexes].squeeze(),
    "`squeeze()` 去掉了长度为 1 的轴：只挑一列时，结果也有两个轴。",
    "`squeeze()` drops axes of length 1: with a single column the result has two axes as well.",
)
known(
    "collect_columns",
    "rows_chosen_and_turned",
    lambda matrix, column_indexes: matrix[column_indexes].T,
    "你挑的是行，再转置：列写 `matrix[:, …]`。",
    "You chose rows, and transposed them: columns are `matrix[:, …]`.",
)
known(
    "collect_columns",
    "all_if_zero_columns",
    lambda matrix, column_indexes: matrix[:, column_indexes] if column_indexes.any() else matrix,
    "编号 0 也是一列：不要把 0 当成没有。",
    "Number 0 is a column, too: don't take 0 for nothing.",
)


def shifted(matrix):
    return matrix - matrix.amax(dim=1, keepdim=True)


def lse(name, function, zh, en):
    known("batched_logsumexp", name, function, zh, en)


lse(
    "ready_made",
    lambda matrix: matrix.logsumexp(dim=1),
    "值是对的，但用了现成的：这里自己写。",
    "The values are right, but ready-made: write it yourself here.",
)
lse(
    "maximum_itself",
    lambda matrix: matrix.amax(1),
    "这只是最大值：还要加上余下的和的对数。",
    "That is the maximum alone: the log of the remaining sum is missing.",
)
lse(
    "maximum_subtracted_twice",
    lambda matrix: shifted(matrix).exp().sum(1).log() - matrix.amax(1),
    "最大值要加回来，不是再减一次。",
    "The maximum is added back, not subtracted again.",
)
lse(
    "log_left_out",
    lambda matrix: shifted(matrix).exp().sum(1) + matrix.amax(1),
    "和还没有取对数，就加上了最大值。",
    "The maximum is added before the log of the sum is taken.",
)
lse(
    "base_two",
    lambda matrix: shifted(matrix).exp().sum(1).log2() + matrix.amax(1),
    "对数的底是 2：这里用自然对数。",
    "The log is to base 2: here it is the natural one.",
)
lse(
    "one_plus",
    lambda matrix: shifted(matrix).exp().sum(1).log1p() + matrix.amax(1),
    "`log1p` 多加了 1：用 `log`。",
    "`log1p` adds 1: use `log`.",
)
lse(
    "axis_kept",
    lambda matrix: solutions.batched_logsumexp(matrix)[:, None],
    "多了一个轴：结果的形状是 `(batch,)`。",
    "There is an axis too many: the result has the shape `(batch,)`.",
)
lse(
    "minimum_subtracted",
    lambda matrix: (matrix - matrix.amin(1, keepdim=True)).exp().sum(1).log() + matrix.amin(1),
    "你减去的是最小值，最大的指数仍会上溢：减去最大值。",
    "You subtracted the minimum, and the largest exponential still overflows: subtract the maximum.",
)
lse(
    "clamped_scores",
    lambda matrix: matrix.clamp(-80, 80).exp().sum(1).log(),
    "分数被截断了，大的分数就错了：减去每行的最大值。",
    "The scores are cut off, which makes large ones wrong: subtract each row's maximum instead.",
)
lse(
    "infinity_replaced",
    lambda matrix: torch.nan_to_num(matrix.exp().sum(1).log()),
    "无穷只是换成了别的数：要先减去每行的最大值。",
    "Infinity is only replaced by another number: subtract each row's maximum first.",
)
lse(
    "sum_over_the_batch",
    lambda matrix: shifted(matrix).exp().sum().log() + matrix.amax(1),
    "整批的指数加在了一起：每一行各自求和，`dim=1`。",
    "The exponentials of the whole batch are added up: sum each row by itself, `dim=1`.",
)
lse(
    "sum_of_logs",
    lambda matrix: shifted(matrix).exp().log().sum(1) + matrix.amax(1),
    "顺序反了：先求和，再取对数。",
    "The order is reversed: first the sum, then the log.",
)
lse(
    "a_fixed_shift",
    lambda matrix: (matrix - 100).exp().sum(1).log() + 100,
    "减去固定的数，换一批分数又会溢出：减去每行的最大值。",
    "A fixed number helps only some scores: subtract each row's maximum.",
)
lse(
    "maximum_alone_where_large",
    lambda matrix: torch.where(matrix.abs().amax(1) > 80, matrix.amax(1), matrix.exp().sum(1).log()),
    "分数大时你只返回了最大值：余下的项也要算。",
    "For large scores only the maximum is returned: the other terms count as well.",
)
lse(
    "maximum_without_axis",
    lambda matrix: (matrix - matrix.amax(1)).exp().sum(1).log() + matrix.amax(1),
    "少了 `keepdim=True`：最大值排成了一行，减的是列。",
    "`keepdim=True` is missing: the maxima lie along a row, and are subtracted from columns.",
)
lse(
    "multiplied_back",
    lambda matrix: shifted(matrix).exp().sum(1).log() * matrix.amax(1),
    "最大值要加回来，不是乘上去。",
    "The maximum is added back, not multiplied.",
)
lse(
    "rounded_off",
    lambda matrix: solutions.batched_logsumexp(matrix).round(decimals=4),
    "结果被舍入了：梯度也因此成了 0。",
    "The result is rounded, and its gradient is 0 for it.",
)


def soft(name, function, zh, en):
    known("batched_softmax", name, function, zh, en)


def over_their_sum(exps, dim=1):
    return exps / exps.sum(dim=dim, keepdim=True)


soft(
    "ready_made_softmax",
    lambda matrix: matrix.softmax(dim=1),
    "值是对的，但用了现成的：这里自己写。",
    "The values are right, but ready-made: write it yourself here.",
)
soft(
    "over_the_columns",
    lambda matrix: over_their_sum(shifted(matrix).exp(), dim=0),
    "求和的轴错了：每一行之和是 1，`dim=1`。",
    "The sum is along the wrong axis: each row sums to 1, `dim=1`.",
)
soft(
    "over_the_whole_batch",
    lambda matrix: shifted(matrix).exp() / shifted(matrix).exp().sum(),
    "除以了整批的和：每一行除以自己的。",
    "You divided by the sum of the whole batch: each row has its own.",
)
soft(
    "over_the_mean",
    lambda matrix: shifted(matrix).exp() / shifted(matrix).exp().mean(1, keepdim=True),
    "除以了平均：要除以和。",
    "You divided by the mean: divide by the sum.",
)
soft(
    "over_the_length",
    lambda matrix: shifted(matrix).exp() / shifted(matrix).exp().norm(dim=1, keepdim=True),
    "除以了长度：要除以和。",
    "You divided by the length: divide by the sum.",
)
soft(
    "of_negated_scores",
    lambda matrix: solutions.batched_softmax(-matrix),
    "符号反了：分数越高，概率越大。",
    "The sign is reversed: the higher the score, the larger the probability.",
)
soft(
    "taken_twice",
    lambda matrix: solutions.batched_softmax(solutions.batched_softmax(matrix)),
    "softmax 取了两次。",
    "The softmax is taken twice.",
)
soft(
    "powers_of_two",
    lambda matrix: over_their_sum(2 ** shifted(matrix)),
    "底是 2：要 $e^{x}$，用 `exp`。",
    "The base is 2: it takes $e^{x}$, by `exp`.",
)
soft(
    "sigmoids",
    lambda matrix: matrix.sigmoid(),
    "这是 sigmoid，每个数各算各的：softmax 的一行之和是 1。",
    "That is a sigmoid, each number by itself: a row of a softmax sums to 1.",
)
soft(
    "largest_only",
    lambda matrix: (shifted(matrix) == 0).to(matrix.dtype),
    "只有最大的一个是 1：其余的也有概率。",
    "Only the largest has a 1: the others have a probability, too.",
)
soft(
    "detached_result",
    lambda matrix: solutions.batched_softmax(matrix.detach()),
    "结果与输入断开了，没有梯度：不要 `detach`。",
    "The result is cut off from its input and has no gradient: don't `detach`.",
)
soft(
    "minimum_taken_away",
    lambda matrix: over_their_sum((matrix - matrix.amin(1, keepdim=True)).exp()),
    "你减去的是最小值，最大的指数仍会上溢：减去最大值。",
    "You subtracted the minimum, and the largest exponential still overflows: subtract the maximum.",
)
soft(
    "mean_taken_away",
    lambda matrix: over_their_sum((matrix - matrix.mean(1, keepdim=True)).exp()),
    "你减去的是平均，最大的指数仍会上溢：减去最大值。",
    "You subtracted the mean, and the largest exponential still overflows: subtract the maximum.",
)
soft(
    "scores_cut_off",
    lambda matrix: over_their_sum(matrix.clamp(-80, 80).exp()),
    "分数被截断了，大的分数就分不出高低：减去每行的最大值。",
    "The scores are cut off, and large ones can't be told apart: subtract each row's maximum instead.",
)
soft(
    "nan_replaced",
    lambda matrix: torch.nan_to_num(over_their_sum(matrix.exp())),
    "NaN 只是换成了 0：要先减去每行的最大值。",
    "NaN is only replaced by 0: subtract each row's maximum first.",
)
soft(
    "shift_in_the_numerator",
    lambda matrix: shifted(matrix).exp() / matrix.exp().sum(1, keepdim=True),
    "分子减去了最大值，分母没有：两边要一样。",
    "The maximum is subtracted above and not below: both must be alike.",
)
soft(
    "divided_by_the_maximum",
    lambda matrix: over_their_sum((matrix / matrix.amax(1, keepdim=True)).exp()),
    "分数要减去最大值，不是除以它。",
    "The maximum is subtracted from the scores; it doesn't divide them.",
)
soft(
    "without_axis_kept",
    lambda matrix: shifted(matrix).exp() / shifted(matrix).exp().sum(1),
    "少了 `keepdim=True`：每一行的和排成了一行，除的是列。",
    "`keepdim=True` is missing: the sums of the rows lie along a row, and divide columns.",
)


def logsoft(name, function, zh, en):
    known("batched_logsoftmax", name, function, zh, en)


logsoft(
    "ready_made_log_softmax",
    lambda matrix: matrix.log_softmax(dim=1),
    "值是对的，但用了现成的：这里自己写。",
    "The values are right, but ready-made: write it yourself here.",
)
logsoft(
    "logsumexp_added",
    lambda matrix: matrix + solutions.batched_logsumexp(matrix)[:, None],
    "logsumexp 要减去，不是加上。",
    "The logsumexp is subtracted, not added.",
)
logsoft(
    "a_little_in_the_log",
    lambda matrix: (solutions.batched_softmax(matrix) + 1e-8).log(),
    "加上一个小数只挡住了负无穷，小的概率都错了：直接写 $x_i - \\mathrm{logsumexp}(x)$。",
    "Adding a little only keeps infinity away, and makes small probabilities wrong: write $x_i - \\mathrm{logsumexp}(x)$ directly.",
)
logsoft(
    "floor_in_the_log",
    lambda matrix: solutions.batched_softmax(matrix).clamp(min=1e-12).log(),
    "概率设了下限，很小的概率都错了：直接写 $x_i - \\mathrm{logsumexp}(x)$。",
    "The probabilities have a floor, which makes very small ones wrong: write $x_i - \\mathrm{logsumexp}(x)$ directly.",
)
logsoft(
    "result_cut_off",
    lambda matrix: solutions.batched_logsoftmax(matrix).clamp(min=-100),
    "结果被截断在 -100：对数概率可以小得多。",
    "The result is cut off at -100: a log probability may be far lower.",
)
logsoft(
    "to_base_two",
    lambda matrix: solutions.batched_logsoftmax(matrix) / math.log(2),
    "对数的底是 2：这里用自然对数。",
    "The log is to base 2: here it is the natural one.",
)
logsoft(
    "to_base_ten",
    lambda matrix: solutions.batched_logsoftmax(matrix) / math.log(10),
    "对数的底是 10：这里用自然对数。",
    "The log is to base 10: here it is the natural one.",
)
logsoft(
    "cut_off_from_input",
    lambda matrix: solutions.batched_logsoftmax(matrix.detach()),
    "结果与输入断开了，没有梯度：不要 `detach`。",
    "The result is cut off from its input and has no gradient: don't `detach`.",
)
logsoft(
    "mean_in_the_log",
    lambda matrix: shifted(matrix) - shifted(matrix).exp().mean(1, keepdim=True).log(),
    "指数取了平均，没有求和。",
    "The exponentials are averaged, and should be summed.",
)
logsoft(
    "shift_on_one_side",
    lambda matrix: matrix - solutions.batched_logsumexp(shifted(matrix))[:, None],
    "最大值只在 logsumexp 里减去了：前面的 $x_i$ 也要减。",
    "The maximum is subtracted within the logsumexp only: subtract it from $x_i$ as well.",
)
logsoft(
    "shift_on_the_other_side",
    lambda matrix: shifted(matrix) - solutions.batched_logsumexp(matrix)[:, None],
    "最大值减去了两次：logsumexp 也要用减过的分数来算。",
    "The maximum is subtracted twice: the logsumexp, too, is that of the shifted scores.",
)
logsoft(
    "log_forgotten",
    lambda matrix: shifted(matrix) - shifted(matrix).exp().sum(1, keepdim=True),
    "和还没有取对数。",
    "The log of the sum is missing.",
)
logsoft(
    "axis_of_the_logsumexp",
    lambda matrix: shifted(matrix) - solutions.batched_logsumexp(shifted(matrix)),
    "少了一个轴：logsumexp 要写成 `[:, None]`，才与每一行对齐。",
    "An axis is missing: with `[:, None]` the logsumexp goes with each row.",
)
logsoft(
    "quotient_of_logs",
    lambda matrix: matrix / solutions.batched_logsumexp(matrix)[:, None],
    "在对数里是相减，不是相除。",
    "In logs it is a difference, not a quotient.",
)
logsoft(
    "of_the_whole_batch",
    lambda matrix: matrix - solutions.batched_logsumexp(matrix.reshape(1, -1)),
    "整批共用了一个 logsumexp：每一行有自己的。",
    "One logsumexp serves the whole batch: each row has its own.",
)
logsoft(
    "minus_infinity_replaced",
    lambda matrix: torch.nan_to_num(solutions.batched_softmax(matrix).log(), neginf=-100),
    "负无穷只是换成了别的数：直接写 $x_i - \\mathrm{logsumexp}(x)$。",
    "Minus infinity is only replaced by another number: write $x_i - \\mathrm{logsumexp}(x)$ directly.",
)
logsoft(
    "half_of_the_maximum_detached",
    lambda matrix: (
        matrix - matrix.amax(1, keepdim=True).detach() - solutions.batched_logsumexp(shifted(matrix))[:, None]
    ),
    "最大值在一边 `detach` 了，另一边没有：梯度因此错了。",
    "The maximum is detached on one side and not on the other, which makes the gradient wrong.",
)
logsoft(
    "one_maximum_for_the_batch",
    lambda matrix: matrix - matrix.max() - (matrix - matrix.max()).exp().sum(1, keepdim=True).log(),
    "整批共用一个最大值：小的那些行全部下溢成 0。",
    "One maximum serves the whole batch: the small rows underflow to 0.",
)


def loss(name, function, zh, en):
    known("batched_cross_entropy_loss", name, function, zh, en)


def true_ones(values, true_labels):
    return values.gather(1, true_labels[:, None])[:, 0]


loss(
    "ready_made_loss",
    lambda logits, true_labels: nn.functional.cross_entropy(logits, true_labels, reduction="none"),
    "值是对的，但用了现成的：这里自己写。",
    "The values are right, but ready-made: write it yourself here.",
)
loss(
    "loss_in_a_column",
    lambda logits, true_labels: -solutions.batched_logsoftmax(logits).gather(1, true_labels[:, None]),
    "多了一个轴：结果的形状是 `(batch,)`。",
    "There is an axis too many: the result has the shape `(batch,)`.",
)
loss(
    "axes_dropped",
    lambda logits, true_labels: -solutions.batched_logsoftmax(logits).gather(1, true_labels[:, None]).squeeze(),
    "`squeeze()` 在批次为 1 时把唯一的轴也去掉了：写 `squeeze(1)`。",
    "With a batch of 1 `squeeze()` drops its only axis, too: write `squeeze(1)`.",
)
loss(
    "every_pair_of_labels",
    lambda logits, true_labels: -solutions.batched_logsoftmax(logits)[:, true_labels],
    "`[:, true_labels]` 对每一行取了所有的类：第 i 行只取第 `true_labels[i]` 列。",
    "`[:, true_labels]` takes all classes of every row: of row i take column `true_labels[i]` alone.",
)
loss(
    "a_little_added",
    lambda logits, true_labels: -(true_ones(solutions.batched_softmax(logits), true_labels) + 1e-8).log(),
    "加上一个小数只挡住了无穷，大的损失都错了：在对数里算。",
    "Adding a little only keeps infinity away, and makes large losses wrong: stay with logs.",
)
loss(
    "loss_cut_off",
    lambda logits, true_labels: solutions.batched_cross_entropy_loss(logits, true_labels).clamp(max=100),
    "损失被截断在 100：它可以大得多。",
    "The loss is cut off at 100: it may be far larger.",
)
loss(
    "infinity_to_a_number",
    lambda logits, true_labels: torch.nan_to_num(
        -true_ones(solutions.batched_softmax(logits), true_labels).log(), posinf=100.0
    ),
    "无穷只是换成了别的数：在对数里算。",
    "Infinity is only replaced by another number: stay with logs.",
)
loss(
    "one_minus_probability",
    lambda logits, true_labels: 1 - true_ones(solutions.batched_softmax(logits), true_labels),
    "这是 1 减去概率：要负对数。",
    "That is one minus the probability: its negative log is wanted.",
)
loss(
    "distance_to_the_maximum",
    lambda logits, true_labels: logits.amax(1) - true_ones(logits, true_labels),
    "这是与最高分的差：要减的是 logsumexp，不是最大值。",
    "That is the distance from the highest score: it is the logsumexp that counts, not the maximum.",
)
loss(
    "loss_without_gradient",
    lambda logits, true_labels: solutions.batched_cross_entropy_loss(logits.detach(), true_labels),
    "结果与输入断开了，没有梯度：不要 `detach`。",
    "The result is cut off from its input and has no gradient: don't `detach`.",
)
loss(
    "softmax_first",
    lambda logits, true_labels: solutions.batched_cross_entropy_loss(solutions.batched_softmax(logits), true_labels),
    "softmax 取了两次：`batched_logsoftmax` 收的是分数，不是概率。",
    "The softmax is taken twice: `batched_logsoftmax` takes scores, not probabilities.",
)
loss(
    "smoothed",
    lambda logits, true_labels: (
        0.9 * solutions.batched_cross_entropy_loss(logits, true_labels)
        - 0.1 * solutions.batched_logsoftmax(logits).mean(1)
    ),
    "多了标签平滑：只看正确的类。",
    "There is label smoothing in it: the true class alone counts.",
)
loss(
    "squared_differences",
    lambda logits, true_labels: (
        (solutions.batched_softmax(logits) - nn.functional.one_hot(true_labels, logits.shape[1])).pow(2).sum(1)
    ),
    "这是平方误差：要正确类的概率的负对数。",
    "That is a squared error: the negative log of the true class's probability is wanted.",
)
loss(
    "every_class_counted",
    lambda logits, true_labels: -solutions.batched_logsoftmax(logits).mean(1),
    "对所有的类取了平均：只取正确的那一列。",
    "All classes are averaged: take the true column alone.",
)
loss(
    "first_class",
    lambda logits, true_labels: -solutions.batched_logsoftmax(logits)[:, 0],
    "总是取第 0 类，没有看 `true_labels`。",
    "It is always class 0, without a look at `true_labels`.",
)
loss(
    "divided_by_classes",
    lambda logits, true_labels: solutions.batched_cross_entropy_loss(logits, true_labels) / logits.shape[1],
    "多除以了类别数。",
    "It is divided by the number of classes, which is too much.",
)
loss(
    "base_ten",
    lambda logits, true_labels: solutions.batched_cross_entropy_loss(logits, true_labels) / math.log(10),
    "对数的底是 10：这里用自然对数，单位是 nat。",
    "The log is to base 10: here it is the natural one, in nats.",
)
loss(
    "labels_from_one",
    lambda logits, true_labels: solutions.batched_cross_entropy_loss(logits, (true_labels + 1) % logits.shape[1]),
    "类别从 0 数起，不用加减 1。",
    "Classes count from 0: add and subtract nothing.",
)
loss(
    "zero_when_right",
    lambda logits, true_labels: (
        solutions.batched_cross_entropy_loss(logits, true_labels) * (logits.argmax(1) != true_labels)
    ),
    "预测对了，损失也不是 0：概率小于 1。",
    "Even where the prediction is right the loss is not 0: its probability is below 1.",
)
loss(
    "both_kinds",
    lambda logits, true_labels: (
        solutions.batched_cross_entropy_loss(logits, true_labels)
        + (
            -(1 - solutions.batched_softmax(logits)).clamp(min=1e-12).log()
            * (1 - nn.functional.one_hot(true_labels, logits.shape[1]))
        ).sum(1)
    ),
    "这是每一类各算一次的二元交叉熵：只取正确类的负对数。",
    "That is the binary cross entropy of each class: take the negative log of the true class alone.",
)


def annotated(exercise_entry, pairs):
    """Registers an annotation in several spellings: another name of an axis is another annotation."""
    for place, (annotation, zh, en) in enumerate(pairs):
        entries = {exercise_entry: annotation}
        name = f"{exercise_entry}_{place}"
        known("shape_annotations", name, lambda entries=entries: solutions.shape_annotations() | entries, zh, en)


ANY_NUMBER = (
    "`channels` 这样的名字多长都行：恰好 3 个通道，就写数字 3。",
    "A name allows any length: for exactly 3 channels write the number.",
)
NO_BATCH = ("只有一张图：前面没有批次的轴。", "It is one picture: there is no batch axis in front.")
TWO_NAMES = (
    "两个不同的名字允许两个不同的长度：方阵要同名。",
    "Two names allow two lengths: a square has one name twice.",
)
annotated(
    "picture",
    [
        (Float[Tensor, shape], *ANY_NUMBER)
        for shape in ("c h w", "channels h w", "channel height width", "C H W", "c height width")
    ],
)
annotated(
    "square",
    [
        (Float[Tensor, shape], *TWO_NAMES)
        for shape in ("h w", "height width", "rows cols", "rows columns", "a b", "m n")
    ],
)
annotated(
    "labels",
    [
        (Float[Tensor, shape], "标签是整数：`Int`，不是 `Float`。", "Labels are integers: `Int`, not `Float`.")
        for shape in ("n", "b")
    ],
)
annotated(
    "mask",
    [
        (
            Bool[Tensor, shape],
            "真假值有两个轴，要写两个名字。",
            "The truth values have two axes, which takes two names.",
        )
        for shape in ("n", "batch")
    ]
    + [
        (Int[Tensor, shape], "真假值是 `Bool`，不是整数。", "Truth values are `Bool`, not integers.")
        for shape in ("a b", "batch seq", "h w")
    ],
)
annotated(
    "pictures",
    [
        (
            Float[Tensor, shape],
            "这是固定个数的轴：前面任意多个轴写 `...`。",
            "That is a fixed number of axes: for any number in front write `...`.",
        )
        for shape in ("b h w", "b c h w", "batch channels height width", "batch h w", "h w")
    ]
    + [
        (
            Float[Tensor, "..."],
            "`...` 可以是零个轴：还要写出最后的高和宽。",
            "`...` may be no axis at all: write height and width at the end as well.",
        )
    ],
)
