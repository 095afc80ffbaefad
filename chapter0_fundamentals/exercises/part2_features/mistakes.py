"""The wrong answers of day 2's third lesson, each explained in a sentence."""

import copy
import math

import torch
import torch.nn.functional as F
from part2_cnns.solutions import Linear, Sequential, fit
from part2_resnets.solutions import SmallResNet
from torch import nn

from coach import mistake
from part2_features import solutions

# Hooks


@mistake(
    "add_hook",
    zh="只挂在最外层：里面的模块也要。",
    en="It hangs on the outermost module only: those inside need it too.",
)
def outermost_only(model, hook):
    return [model.register_forward_hook(hook)]


@mistake(
    "add_hook",
    zh="`children()` 只往下走一层：用 `modules()`。",
    en="`children()` goes down one level only: use `modules()`.",
)
def children_only(model, hook):
    return [module.register_forward_hook(hook) for module in (model, *model.children())]


@mistake("add_hook", zh="忘了模型自己。", en="The model itself is left out.")
def without_itself(model, hook):
    return [module.register_forward_hook(hook) for module in model.modules() if module is not model]


@mistake("add_hook", zh="句柄没有返回：钩子就取不下来了。", en="No handles come back: the hooks can't be taken off.")
def no_handles(model, hook):
    for module in model.modules():
        module.register_forward_hook(hook)


@mistake(
    "add_hook",
    zh="`register_forward_pre_hook` 在前向之前叫：那时还没有输出。",
    en="`register_forward_pre_hook` calls before the forward, when there is no output yet.",
)
def before_the_forward(model, hook):
    return [m.register_forward_pre_hook(lambda m, inputs: hook(m, inputs, inputs[0])) for m in model.modules()]


@mistake(
    "add_hook",
    zh="只挂在最里层：有子模块的模块也要。",
    en="It hangs on the innermost modules only: those that hold others need it too.",
)
def leaves_only(model, hook):
    return [m.register_forward_hook(hook) for m in model.modules() if not list(m.children())]


@mistake(
    "add_hook",
    zh="只返回了一个句柄：每个钩子都要有自己的。",
    en="One handle comes back only: each hook needs its own.",
)
def last_handle(model, hook):
    return [module.register_forward_hook(hook) for module in model.modules()][-1:]


@mistake(
    "add_hook",
    zh="钩子的返回值丢了：挂上 `hook` 本身，或者把它的结果 `return` 出去。",
    en="What the hook returns is lost: hang up `hook` itself, or `return` its result.",
)
def drops_what_it_returns(model, hook):
    def call(*given):
        hook(*given)

    return [module.register_forward_hook(call) for module in model.modules()]


@mistake(
    "add_hook",
    zh="重复出现的模块挂了两次：每个只挂一次。",
    en="A module that appears twice got the hook twice: once each.",
)
def twice_where_it_appears_twice(model, hook):
    inner = [handle for child in model._modules.values() for handle in twice_where_it_appears_twice(child, hook)]
    return [*inner, model.register_forward_hook(hook)]


@mistake(
    "add_hook",
    zh="别人的钩子被清掉了：只加上自己的。",
    en="Other people's hooks were cleared: only add your own.",
)
def clears_first(model, hook):
    for module in model.modules():
        module._forward_hooks.clear()
    return [module.register_forward_hook(hook) for module in model.modules()]


@mistake("remove_hooks", zh="只取下了第一个。", en="Only the first comes off.")
def first_only(handles):
    if handles:
        handles[0].remove()


@mistake(
    "remove_hooks",
    zh="一个钩子也没有取下：对每个句柄调用 `remove()`，清空列表不算。",
    en="No hook comes off: call `remove()` on each handle; to empty the list isn't enough.",
)
def clears_the_list(handles):
    del handles[:]


@mistake(
    "remove_hooks",
    zh="别人的钩子也取下了：只取下这些句柄的。",
    en="Other people's hooks came off too: take off those of these handles only.",
)
def everybodys(handles):
    for handle in handles:
        hooks = handle.hooks_dict_ref()
        if hooks is not None:
            hooks.clear()


@mistake(
    "remove_hooks",
    zh="只取下了最后一个。",
    en="Only the last comes off.",
)
def last_only(handles):
    for handle in handles[-1:]:
        handle.remove()


@mistake(
    "remove_hooks",
    zh="一边遍历列表一边从里面删，就会跳过每第二个。",
    en="To remove from a list while walking through it skips every second one.",
)
def every_second(handles):
    for handle in handles:
        handle.remove()
        handles.remove(handle)


@mistake(
    "remove_hooks",
    zh="已经取下的句柄报了错：再取一次也不该有事。",
    en="A handle that is off already raises an error: to remove it again should do no harm.",
)
def fails_on_a_removed_one(handles):
    for handle in handles:
        del handle.hooks_dict_ref()[handle.id]


@mistake(
    "remove_hooks",
    zh="空列表时报了错：没有句柄就什么也不做。",
    en="An empty list raises an error: without handles there is nothing to do.",
)
def fails_without_handles(handles):
    handles[0].remove()
    solutions.remove_hooks(handles)


@mistake(
    "hook_check_for_nan_output",
    zh="它从不报错：用 `isnan` 查（`== math.nan` 永远是假），再 `raise ValueError`。",
    en="It never raises: look with `isnan` (`== math.nan` is always false), then `raise ValueError`.",
)
def says_nothing(module, inputs, output):
    return None


@mistake(
    "hook_check_for_nan_output",
    zh="无穷不是 NaN：用 `isnan`，不用 `isfinite`。",
    en="Infinity is not NaN: use `isnan`, not `isfinite`.",
)
def infinity_too(module, inputs, output):
    outputs = output if isinstance(output, tuple) else (output,)
    if not all(value.isfinite().all() for value in outputs):
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="检查的是输入：造出 NaN 的是输出有它的模块。",
    en="It looks at the inputs: the module whose output has NaN made it.",
)
def looks_at_inputs(module, inputs, output):
    if inputs[0].isnan().any():
        raise ValueError(f"{type(module).__name__} was given NaN")
    solutions.hook_check_for_nan_output(module, inputs, output)


@mistake(
    "hook_check_for_nan_output",
    zh="`all` 要求全是 NaN：有一个就够了，用 `any`。",
    en="`all` wants nothing but NaN: one is enough, use `any`.",
)
def all_of_them(module, inputs, output):
    outputs = output if isinstance(output, tuple) else (output,)
    if all(value.isnan().all() for value in outputs):
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output", zh="有的模块返回元组：逐个检查。", en="Some modules return tuples: check each tensor."
)
def no_tuples(module, inputs, output):
    if output.isnan().any():
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake("hook_check_for_nan_output", zh="错误里没有说是哪个模块。", en="The error doesn't say which module it was.")
def names_nobody(module, inputs, output):
    try:
        solutions.hook_check_for_nan_output(module, inputs, output)
    except ValueError:
        raise ValueError("there is NaN") from None


@mistake(
    "hook_check_for_nan_output",
    zh="报的不是 `ValueError`。",
    en="It raises something else than `ValueError`.",
)
def by_assert(module, inputs, output):
    try:
        solutions.hook_check_for_nan_output(module, inputs, output)
    except ValueError as error:
        raise AssertionError(str(error)) from None


@mistake(
    "hook_check_for_nan_output",
    zh="只看了元组的第一个张量：每一个都要看。",
    en="It looks at the first tensor of a tuple only: look at each.",
)
def first_of_the_tuple(module, inputs, output):
    solutions.hook_check_for_nan_output(module, inputs, output[0] if isinstance(output, tuple) else output)


@mistake(
    "hook_check_for_nan_output",
    zh="元组里还有元组，例如 `nn.LSTM` 的 `(h, c)`：里面的张量也要看。",
    en="There are tuples in tuples, as the `(h, c)` of an `nn.LSTM`: look at the tensors there, too.",
)
def one_level(module, inputs, output):
    for value in output if isinstance(output, tuple) else (output,):
        if torch.is_tensor(value):
            solutions.hook_check_for_nan_output(module, inputs, value)


@mistake(
    "hook_check_for_nan_output",
    zh="元组里的 `None` 让它自己出了错：不是张量的就跳过。",
    en="A `None` in a tuple makes it fail: pass over what is no tensor.",
)
def fails_at_none(module, inputs, output):
    for value in output if isinstance(output, tuple) else (output,):
        if isinstance(value, tuple):
            fails_at_none(module, inputs, value)
        elif value.isnan().any():
            raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="先求和再查 NaN：∞ 与 −∞ 相加也是 NaN，没有 NaN 的输出也报了错。",
    en="It sums before it looks for NaN: ∞ and −∞ add up to NaN as well, so an output without NaN raises too.",
)
def of_the_sum(module, inputs, output):
    if isinstance(output, tuple):
        for value in output:
            of_the_sum(module, inputs, value)
    elif output is not None and output.sum().isnan():
        raise ValueError(f"{type(module).__name__} returned NaN")


# Feature extraction


@mistake(
    "get_resnet_for_feature_extraction",
    zh="主干没有冻结：`requires_grad_(False)`。",
    en="The body isn't frozen: `requires_grad_(False)`.",
)
def not_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    return model.requires_grad_(True)


@mistake(
    "get_resnet_for_feature_extraction",
    zh="连新的头也冻结了：先冻，再换头。",
    en="The new head is frozen too: freeze first, then change the head.",
)
def all_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    return model.requires_grad_(False)


@mistake(
    "get_resnet_for_feature_extraction",
    zh="原来的网络被改动了：先 `copy.deepcopy`。",
    en="The original was changed: `copy.deepcopy` it first.",
)
def changes_the_original(n_classes, pretrained=None):
    model = pretrained if pretrained is not None else SmallResNet()
    model.requires_grad_(False)
    model.head = Linear(model.head.weight.shape[1], n_classes)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="头没有换：它还在说旧的类别。",
    en="The head wasn't changed: it still speaks of the old classes.",
)
def old_head(n_classes, pretrained=None):
    model = copy.deepcopy(pretrained) if pretrained is not None else SmallResNet()
    model.body.requires_grad_(False)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="主干的权重丢了：要的是学过的那个，不是新的。",
    en="The body's weights are lost: keep the trained one, don't make it anew.",
)
def fresh_body(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    with torch.no_grad():
        for p in model.body.parameters():
            p.normal_()
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="`copy.copy` 只拷贝最外层：换头时把原来的也换了，参数也是共用的。",
    en="`copy.copy` copies the outermost layer only: the original gets the new head too, and parameters are shared.",
)
def shallow_copy(n_classes, pretrained=None):
    model = copy.copy(pretrained) if pretrained is not None else SmallResNet()
    model.body.requires_grad_(False)
    model.head = Linear(model.head.weight.shape[1], n_classes)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="批归一化的运行统计量丢了：buffer 也要拷贝。",
    en="The running statistics of the batch norms are lost: copy the buffers, too.",
)
def without_buffers(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    for module in model.modules():
        if hasattr(module, "running_mean"):
            module.running_mean.zero_()
            module.running_var.fill_(1)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="类别一样多时头没有换：总要新的。",
    en="With as many classes as before the head wasn't changed: it should always be new.",
)
def keeps_a_head_that_fits(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    if pretrained is not None and pretrained.head.weight.shape[0] == n_classes:
        model.head = copy.deepcopy(pretrained.head)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="只冻结了第一层：主干的参数都要冻结。",
    en="Only the first layer is frozen: freeze all parameters of the body.",
)
def first_layer_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    model.body.requires_grad_(True)
    model.body[0].requires_grad_(False)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="没有 `pretrained` 时，新网络的主干没有冻结。",
    en="Without `pretrained` the fresh network's body isn't frozen.",
)
def fresh_not_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    return model.requires_grad_(True) if pretrained is None else model


@mistake(
    "train_head",
    zh="在 train 模式里跑了主干：运行统计量变了。",
    en="The body ran in train mode: its running statistics moved.",
)
def body_in_train(model, data, epochs, lr):
    images, labels = data[:]
    model.train()
    with torch.no_grad():
        features = model.body(images)
    return fit(model.head, [(features, labels)], torch.optim.Adam(model.head.parameters(), lr=lr), epochs)


@mistake(
    "train_head",
    zh="主干解冻了，也跟着训练：它应当一动不动。",
    en="The body was thawed and trained as well: it should stay as it is.",
)
def thaws_the_body(model, data, epochs, lr):
    return steps_of(model.requires_grad_(True), data, torch.optim.Adam(model.parameters(), lr=lr), epochs)


def steps_of(model, data, optimizer, epochs, *, zero=True, after=False, reduction="mean"):
    """Training of the whole model in eval mode, with a choice of faults."""
    (images, labels), losses = data[:], []
    model.eval()
    for _ in range(epochs):
        loss = F.cross_entropy(model(images), labels, reduction=reduction)
        if zero:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(F.cross_entropy(model(images), labels).item() if after else loss.item())
    return losses


@mistake(
    "train_head",
    zh="梯度没有清零，一步步累积起来：每一步之前 `zero_grad()`。",
    en="The gradients aren't cleared and pile up: `zero_grad()` before each step.",
)
def gradients_pile_up(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.Adam(model.head.parameters(), lr=lr), epochs, zero=False)


@mistake(
    "train_head",
    zh="损失是在每一步之后量的：要在之前。",
    en="The losses are measured after each step: measure before it.",
)
def losses_after_the_step(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.Adam(model.head.parameters(), lr=lr), epochs, after=True)


@mistake(
    "train_head",
    zh="交叉熵是总和：要对所有图片取平均。",
    en="The cross-entropy is the sum: take the mean over the images.",
)
def sum_of_losses(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.Adam(model.head.parameters(), lr=lr), epochs, reduction="sum")


@mistake(
    "train_head",
    zh="数据被切成了每批 32 张的小批：整个数据集作一批。",
    en="The data is cut into batches of 32: the whole data set is one batch.",
)
def in_small_batches(model, data, epochs, lr):
    images, labels = data[:]
    model.eval()
    with torch.no_grad():
        batches = list(zip(model.body(images).split(32), labels.split(32), strict=True))
    return fit(model.head, batches, torch.optim.Adam(model.head.parameters(), lr=lr), epochs)


@mistake("train_head", zh="`lr` 没有用上。", en="`lr` isn't used.")
def default_lr(model, data, epochs, lr):
    return solutions.train_head(model, data, epochs, 1e-3)


@mistake("train_head", zh="用的是 SGD：这里要用 Adam。", en="That is SGD: Adam is wanted here.")
def head_by_sgd(model, data, epochs, lr):
    images, labels = data[:]
    model.eval()
    with torch.no_grad():
        features = model.body(images)
    return fit(model.head, [(features, labels)], torch.optim.SGD(model.head.parameters(), lr=lr), epochs)


@mistake(
    "train_head",
    zh="每一步都造了新的优化器：Adam 忘了以前的梯度。",
    en="Each step makes a new optimiser: Adam forgets its earlier gradients.",
)
def optimiser_each_step(model, data, epochs, lr):
    return [solutions.train_head(model, data, 1, lr)[0] for _ in range(epochs)]


# Filters


def bell(size):
    middle = torch.arange(size) - (size - 1) / 2
    y, x = middle[:, None], middle[None, :]
    return x, y, torch.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2))


def scaled(filter):
    return (filter / filter.norm())[None]


@mistake("edge_detector", zh="没有缩放到长度 1。", en="It isn't scaled to length 1.")
def not_scaled(theta=0.0, size=7):
    x, y, weight = bell(size)
    return ((x * math.cos(theta) + y * math.sin(theta)) * weight)[None]


@mistake(
    "edge_detector", zh="$y$ 朝上了：图像的行是从上往下数的。", en="$y$ points up: an image counts its rows downwards."
)
def upside_down(theta=0.0, size=7):
    return solutions.edge_detector(-theta, size)


@mistake(
    "edge_detector",
    zh="$x$ 和 $y$ 颠倒了：列是 $x$，行是 $y$。",
    en="$x$ and $y$ have changed places: columns are $x$, rows are $y$.",
)
def transposed(theta=0.0, size=7):
    return solutions.edge_detector(theta, size).transpose(1, 2)


@mistake(
    "edge_detector", zh="原点不在正中：减去 `(size - 1) / 2`。", en="0 isn't in the middle: subtract `(size - 1) / 2`."
)
def off_centre(theta=0.0, size=7):
    middle = torch.arange(size) - size // 2 - 0.5
    y, x = middle[:, None], middle[None, :]
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * torch.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2)))


@mistake(
    "edge_detector",
    zh="少了指数那一项：远处与近处一样重。",
    en="The exponential is missing: far pixels count as much as near ones.",
)
def without_the_bell(theta=0.0, size=7):
    x, y, _ = bell(size)
    return scaled(x * math.cos(theta) + y * math.sin(theta))


@mistake("edge_detector", zh="亮的一边与暗的一边颠倒了。", en="The bright and the dark side have changed places.")
def negative(theta=0.0, size=7):
    return -solutions.edge_detector(theta, size)


@mistake(
    "edge_detector",
    zh="$\\sigma$ 是边长的四分之一，不是一半。",
    en="$\\sigma$ is a quarter of the size, not half of it.",
)
def wider_bell(theta=0.0, size=7):
    x, y, weight = bell(size)
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * weight**0.25)


@mistake(
    "edge_detector",
    zh="指数里少了分母的 2：是 $2\\sigma^2$。",
    en="The exponent lacks the 2 of its denominator, $2\\sigma^2$.",
)
def without_the_2(theta=0.0, size=7):
    x, y, weight = bell(size)
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * weight**2)


@mistake(
    "edge_detector",
    zh="除以了最大的绝对值：要除以长度 $\\lVert w \\rVert$。",
    en="It is divided by the largest absolute value: divide by the length $\\lVert w \\rVert$.",
)
def largest_is_1(theta=0.0, size=7):
    filter = solutions.edge_detector(theta, size)
    return filter / filter.abs().max()


@mistake(
    "edge_detector",
    zh="除以了绝对值之和：长度是平方和的平方根。",
    en="It is divided by the sum of absolute values: the length is the root of the sum of squares.",
)
def sum_is_1(theta=0.0, size=7):
    filter = solutions.edge_detector(theta, size)
    return filter / filter.abs().sum()


@mistake(
    "edge_detector",
    zh="$\\theta$ 当成了角度：它是弧度。",
    en="$\\theta$ was taken for degrees: it is in radians.",
)
def in_degrees(theta=0.0, size=7):
    return solutions.edge_detector(math.radians(theta), size)


@mistake(
    "edge_detector",
    zh="最前面少了通道轴：形状是 `1 size size`。",
    en="The channel axis in front is missing: the shape is `1 size size`.",
)
def without_channel(theta=0.0, size=7):
    return solutions.edge_detector(theta, size)[0]


@mistake(
    "edge_likeness",
    zh="只比了一个方向：边缘可以朝任何方向。",
    en="It compares one direction only: an edge may run in any.",
)
def one_direction(filters):
    edge = solutions.edge_detector(0.0, filters.shape[-1]).flatten().to(filters)
    flat = filters.flatten(1)
    return (flat @ edge).abs() / flat.norm(dim=1).clamp(min=1e-12)


@mistake("edge_likeness", zh="没有除以滤波器自己的长度。", en="It isn't divided by the filter's own length.")
def not_divided(filters):
    return solutions.edge_likeness(filters) * filters.flatten(1).norm(dim=1)


@mistake(
    "edge_likeness",
    zh="投影的长度要平方和再开方，不是直接相加。",
    en="The length of the projection is the root of the sum of squares, not the sum of the lengths.",
)
def added_up(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).abs().sum(dim=1) / flat.norm(dim=1).clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="零滤波器除以了 0，得到 NaN：应为 0。",
    en="A zero filter is divided by 0, which makes NaN: it should be 0.",
)
def zero_by_zero(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).norm(dim=1) / flat.norm(dim=1)


@mistake(
    "edge_likeness",
    zh="少了开方：投影的长度是平方和的平方根。",
    en="The root is missing: the length of the projection is the root of the sum of squares.",
)
def not_rooted(filters):
    return solutions.edge_likeness(filters) ** 2


@mistake(
    "edge_likeness",
    zh="只取了两个方向里较像的一个：斜的边缘在两个方向上都有一份。",
    en="It takes the better of two directions: a slanting edge has a share in both.",
)
def better_of_two(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).abs().amax(dim=1) / flat.norm(dim=1).clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="分母里加了一个小数：数值很小的滤波器就被低估了。",
    en="A small number was added to the denominator: filters of small numbers are underrated.",
)
def epsilon_added(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).norm(dim=1) / (flat.norm(dim=1) + 1e-8)


@mistake(
    "edge_likeness",
    zh="除以的是所有滤波器合在一起的长度：每个除以自己的。",
    en="It is divided by the length of all filters together: divide each by its own.",
)
def common_length(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).norm(dim=1) / flat.norm().clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="只与一个方向的检测器比，还带着正负号：边缘可以朝任何方向，反过来也是边缘。",
    en="It compares with the detector of one direction only, and has a sign: an edge may run in any direction, and reversed it is an edge too.",
)
def signed(filters):
    edge = solutions.edge_detector(0.0, filters.shape[-1]).flatten().to(filters)
    flat = filters.flatten(1)
    return flat @ edge / flat.norm(dim=1).clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="检测器的边长写死了 7：要用滤波器自己的。",
    en="The detectors' size is fixed at 7: take that of the filters.",
)
def size_7(filters):
    padded = F.interpolate(filters, size=(7, 7))
    return solutions.edge_likeness(padded)


def climbed(activation, start, steps, lr, penalty=0.0, *, sign=1.0, clamp=True, unit=False, square=True):
    """Gradient ascent with a choice of faults."""
    image = start.clone()
    for _ in range(steps):
        image.requires_grad_()
        size = image.square().sum() if square else image.sum()
        (gradient,) = torch.autograd.grad(sign * activation(image).sum() - penalty * size, image)
        gradient = gradient / gradient.norm().clamp(min=1e-12) if unit else gradient
        image = image.detach() + lr * gradient
        image = image.clamp(0, 1) if clamp else image
    return image


@mistake(
    "maximise_activation", zh="方向反了：这是下降，要上升。", en="That is the wrong way: it descends, and should climb."
)
def descends(*args):
    return climbed(*args, sign=-1.0)


@mistake("maximise_activation", zh="像素没有截断到 0 与 1 之间。", en="The pixels aren't clamped to 0 to 1.")
def not_clamped(*args):
    return climbed(*args, clamp=False)


@mistake("maximise_activation", zh="`penalty` 没有用上。", en="`penalty` isn't used.")
def no_penalty(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr)


@mistake(
    "maximise_activation",
    zh="惩罚的是像素之和：要像素的平方和。",
    en="It penalises the pixels' sum: take the sum of their squares.",
)
def penalises_the_sum(*args):
    return climbed(*args, square=False)


@mistake(
    "maximise_activation",
    zh="梯度被缩放到长度 1：这里要走 `lr` 倍的梯度。",
    en="The gradient was scaled to length 1: go `lr` times the gradient itself.",
)
def unit_steps(*args):
    return climbed(*args, unit=True)


@mistake(
    "maximise_activation",
    zh="`backward()` 把梯度也堆进了模型的参数：用 `torch.autograd.grad`。",
    en="`backward()` piled up gradients in the model's parameters too: use `torch.autograd.grad`.",
)
def by_backward(activation, start, steps, lr, penalty=0.0):
    image = start.clone()
    for _ in range(steps):
        image = image.detach().requires_grad_()
        (activation(image).sum() - penalty * image.square().sum()).backward()
        image = (image + lr * image.grad).clamp(0, 1)
    return image.detach()


@mistake(
    "maximise_activation",
    zh="只在最后截断了一次：每一步之后都要。",
    en="It clamps once at the end: clamp after each step.",
)
def clamped_at_the_end(*args):
    return climbed(*args, clamp=False).clamp(0, 1)


@mistake(
    "maximise_activation",
    zh="惩罚的是长度：要长度的平方。",
    en="It penalises the length: take its square.",
)
def penalises_the_length(activation, start, steps, lr, penalty=0.0):
    return climbed(lambda x: activation(x) - penalty * x.flatten(1).norm(dim=1), start, steps, lr)


@mistake(
    "maximise_activation",
    zh="惩罚的符号反了：像素越大，目标越小。",
    en="The penalty has the wrong sign: large pixels should lessen the objective.",
)
def rewards_the_size(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr, -penalty)


@mistake(
    "maximise_activation",
    zh="对各张图取了平均，每张的步子就短了：各张图互不相干，要相加。",
    en="The mean over the images makes each step shorter: they have nothing to do with each other, so add up.",
)
def mean_of_the_images(activation, start, steps, lr, penalty=0.0):
    return climbed(lambda x: activation(x) / len(x), start, steps, lr, penalty)


@mistake(
    "maximise_activation",
    zh="只看了梯度的符号：要走 `lr` 倍的梯度。",
    en="Only the gradient's sign is used: go `lr` times the gradient itself.",
)
def by_signs(activation, start, steps, lr, penalty=0.0):
    image = start.clone()
    for _ in range(steps):
        image.requires_grad_()
        objective = activation(image).sum() - penalty * image.square().sum()
        (gradient,) = torch.autograd.grad(objective, image)
        image = (image.detach() + lr * gradient.sign()).clamp(0, 1)
    return image


@mistake(
    "maximise_activation",
    zh="结果还连着计算图：`detach()`。",
    en="The result still hangs on a graph: `detach()`.",
)
def not_detached(*args):
    return climbed(*args).requires_grad_()


@mistake(
    "maximise_activation",
    zh="少走了一步。",
    en="It takes a step too few.",
)
def a_step_less(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, max(0, steps - 1), lr, penalty)


@mistake(
    "ablate_channel",
    zh="关掉的不是通道，是这一批里的一张图：通道在第 1 维。",
    en="That silences an image of the batch: channels are axis 1.",
)
def silences_an_image(model, layer, channel, images):
    return silenced(model, layer, images, lambda output: output.index_fill(0, torch.tensor(channel), 0))


def silenced(model, layer, images, change):
    handle = layer.register_forward_hook(lambda module, inputs, output: change(output))
    try:
        with torch.no_grad():
            return model(images)
    finally:
        handle.remove()


@mistake(
    "ablate_channel",
    zh="钩子留了下来：模型从此一直少一个通道。",
    en="The hook stays: from now on the model lacks a channel.",
)
def stays(model, layer, channel, images):
    layer.register_forward_hook(lambda module, inputs, output: output.index_fill(1, torch.tensor(channel), 0))
    with torch.no_grad():
        return model(images)


@mistake(
    "ablate_channel",
    zh="出错时钩子留了下来：用 `try … finally`。",
    en="After an error the hook stays: use `try … finally`.",
)
def stays_after_an_error(model, layer, channel, images):
    change = lambda module, inputs, output: output.index_fill(1, torch.tensor(channel), 0)  # noqa: E731
    handle = layer.register_forward_hook(change)
    with torch.no_grad():
        result = model(images)
    handle.remove()
    return result


@mistake(
    "ablate_channel",
    zh="关掉的是别的通道，只留下了这一个。",
    en="It silences the others, and leaves this channel alone.",
)
def the_others(model, layer, channel, images):
    def keep(output):
        mask = torch.zeros(output.shape[1]).to(output)
        mask[channel] = 1
        return output * mask[:, None, None]

    return silenced(model, layer, images, keep)


@mistake(
    "ablate_channel", zh="钩子没有返回新的输出，什么也没变。", en="The hook returns no new output, and nothing changes."
)
def returns_nothing(model, layer, channel, images):
    return silenced(model, layer, images, lambda output: None)


@mistake(
    "ablate_channel",
    zh="别人的钩子也被清掉了：只取下自己的那一个。",
    en="Other people's hooks were cleared: take off yours alone.",
)
def clears_all_hooks(model, layer, channel, images):
    result = solutions.ablate_channel(model, layer, channel, images)
    layer._forward_hooks.clear()
    return result


@mistake(
    "ablate_channel",
    zh="有模块的模式变了：不要动 train 和 eval。",
    en="The mode of some module changed: leave train and eval alone.",
)
def mode_changed(model, layer, channel, images):
    model.eval()
    return solutions.ablate_channel(model, layer, channel, images)


@mistake(
    "ablate_channel",
    zh="结果还带着梯度：用 `torch.no_grad()`。",
    en="The result carries gradients: use `torch.no_grad()`.",
)
def with_gradients(model, layer, channel, images):
    return solutions.ablate_channel(model, layer, channel, images).requires_grad_()


@mistake(
    "ablate_channel",
    zh="关掉的是 `layer` 输入里的通道：要它输出里的。",
    en="It silences a channel of the input of `layer`: silence one of its output.",
)
def of_the_input(model, layer, channel, images):
    def silence(module, inputs):
        return inputs[0].index_fill(1, torch.tensor(channel % inputs[0].shape[1]), 0)

    handle = layer.register_forward_pre_hook(silence)
    try:
        with torch.no_grad():
            return model(images)
    finally:
        handle.remove()


@mistake(
    "ablate_channel",
    zh="权重被清零，模型从此变了：用钩子，不动参数。",
    en="Weights were zeroed, and the model is changed for good: use a hook and leave parameters alone.",
)
def zeroes_weights(model, layer, channel, images):
    result = solutions.ablate_channel(model, layer, channel, images)
    with torch.no_grad():
        next(layer.parameters())[channel] = 0
    return result


@mistake(
    "ablate_channel",
    zh="错误被吞掉了：取下钩子之后，要让它继续往外传。",
    en="The error is swallowed: take off the hook, then let it go on to the caller.",
)
def swallows_the_error(model, layer, channel, images):
    try:
        return solutions.ablate_channel(model, layer, channel, images)
    except RuntimeError:
        return None


@mistake(
    "ablate_channel",
    zh="换成的是这个通道的平均值：这里要换成 0。",
    en="It puts in the channel's mean: here it is 0.",
)
def by_the_mean(model, layer, channel, images):
    def change(output):
        output = output.clone()
        output[:, channel] = output[:, channel].mean()
        return output

    return silenced(model, layer, images, change)


# Spirals


def spun(n, turns, noise, generator, *, first=0.1, opposite=True, by_radius=True, two_pi=math.tau):
    """Two spirals with a choice of faults."""
    radius = torch.linspace(first, 1, n)
    angle = two_pi * turns * (radius if by_radius else torch.linspace(0, 1, n))
    arm = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=-1)
    points = torch.cat([arm, -arm if opposite else arm * torch.tensor([1.0, -1])])
    noise = noise * torch.randn(points.shape, generator=generator)
    return points + noise, torch.arange(2).repeat_interleave(n)


@mistake(
    "two_spirals",
    zh="半径从 0 开始：要从 0.1，两条才不会碰在一起。",
    en="The radius begins at 0: begin at 0.1, so that the arms don't touch.",
)
def from_zero(*args):
    return spun(*args, first=0.0)


@mistake(
    "two_spirals",
    zh="第二条是镜像：要的是反面，$-x$。",
    en="The second arm is a mirror image: take the opposite, $-x$.",
)
def mirrored(*args):
    return spun(*args, opposite=False)


@mistake("two_spirals", zh="角度里少了 $2\\pi$。", en="The angle lacks its $2\\pi$.")
def in_turns(*args):
    return spun(*args, two_pi=1.0)


@mistake(
    "two_spirals",
    zh="角度要与半径成正比：从 0.1 圈算起，不是 0。",
    en="The angle is proportional to the radius: it doesn't begin at 0.",
)
def angle_from_zero(*args):
    return spun(*args, by_radius=False)


@mistake(
    "two_spirals",
    zh="随机数没有取自 `generator`：每次都不同。",
    en="The random numbers don't come from `generator`: they differ each time.",
)
def own_noise(n, turns, noise, generator):
    return spun(n, turns, noise, None)


@mistake(
    "two_spirals",
    zh="两条螺旋线用了同样的噪声：每个点各有各的。",
    en="Both arms have the same noise: each point has its own.",
)
def shared_noise(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean + noise * torch.randn(n, 2, generator=generator).repeat(2, 1), y


@mistake(
    "two_spirals",
    zh="噪声是均匀分布的：要正态分布。",
    en="The noise is uniform: it should be normal.",
)
def uniform_noise(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean + noise * 12**0.5 * (torch.rand(clean.shape, generator=generator) - 0.5), y


@mistake(
    "two_spirals",
    zh="生成器每次都重新播种：两次取出的噪声一样。",
    en="The generator is seeded again each time: two draws have the same noise.",
)
def seeded_again(n, turns, noise, generator):
    return spun(n, turns, noise, torch.Generator().manual_seed(generator.initial_seed()))


@mistake(
    "two_spirals",
    zh="噪声乘以了半径：每个点的标准差都是 `noise`。",
    en="The noise is multiplied by the radius: its deviation is `noise` at each point.",
)
def noise_by_radius(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean * (1 + noise * torch.randn(clean.shape, generator=generator)), y


@mistake(
    "two_spirals",
    zh="`noise` 当成了方差：它是标准差。",
    en="`noise` was taken for the variance: it is the standard deviation.",
)
def noise_as_variance(n, turns, noise, generator):
    return spun(n, turns, noise**0.5, generator)


@mistake(
    "two_spirals",
    zh="标签交替着排：先是 n 个 0，再是 n 个 1。",
    en="The labels alternate: n times 0 come first, then n times 1.",
)
def labels_alternate(n, turns, noise, generator):
    x, _ = solutions.two_spirals(n, turns, noise, generator)
    return x, torch.arange(2).repeat(n)


@mistake(
    "two_spirals",
    zh="点交替着排：先是第一条的 n 个，再是第二条的 n 个。",
    en="The points alternate: the n of the first arm come first, then the n of the second.",
)
def points_alternate(n, turns, noise, generator):
    x, y = solutions.two_spirals(n, turns, noise, generator)
    return torch.stack([x[:n], x[n:]], dim=1).flatten(0, 1), y


@mistake(
    "two_spirals",
    zh="正弦和余弦颠倒了：$x$ 是余弦，$y$ 是正弦。",
    en="Sine and cosine have changed places: $x$ is the cosine, $y$ the sine.",
)
def sine_first(n, turns, noise, generator):
    x, y = solutions.two_spirals(n, turns, noise, generator)
    return x.flip(1), y


@mistake("SpiralMLP", zh="`fold` 的最后多了一个 tanh。", en="There is one tanh too many at the end of `fold`.")
class TanhAtTheEnd(solutions.SpiralMLP):
    def hidden(self, x):
        return x + self.fold(x).tanh()


@mistake(
    "SpiralMLP",
    zh="`x` 没有加回来：`hidden(x)` 是 `x + fold(x)`。",
    en="`x` isn't added back: `hidden(x)` is `x + fold(x)`.",
)
class NoSkip(solutions.SpiralMLP):
    def hidden(self, x):
        return self.fold(x)


@mistake("SpiralMLP", zh="`fold` 的最后一层没有从 0 出发。", en="The last layer of `fold` doesn't begin at 0.")
class NotZeroAtFirst(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold[-1] = Linear(width, 2)


@mistake(
    "SpiralMLP", zh="少了一层：中间有三个 `width`。", en="There is a layer too few: `width` stands there three times."
)
class OneLayerLess(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold = Sequential(*list(self.fold.children())[:4], self.fold[-1])


@mistake(
    "SpiralMLP", zh="tanh 都不见了：这样 `fold` 只是一个线性映射。", en="There is no tanh: `fold` is a mere linear map."
)
class NoTanh(solutions.SpiralMLP):
    def hidden(self, x):
        y = x
        for layer in list(self.fold.children())[::2]:
            y = layer(y)
        return x + y


@mistake(
    "SpiralMLP",
    zh="中间的那一层用了两次：三个 `width` 之间是两层，各有各的权重。",
    en="The middle layer is used twice: between three `width` there are two layers, each with its own weights.",
)
class SharedMiddle(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        first, tanh, middle, _, _, _, last = list(self.fold.children())
        self.fold = nn.Sequential(first, tanh, middle, tanh, middle, tanh, last)


@mistake(
    "SpiralMLP",
    zh="所有的层都从 0 出发：只有 `fold` 的最后一层。",
    en="All layers begin at 0: only the last one of `fold` should.",
)
class AllZero(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        for p in self.parameters():
            nn.init.zeros_(p)


@mistake(
    "SpiralMLP",
    zh="`fold` 最后一层的偏置没有从 0 出发。",
    en="The bias of the last layer of `fold` doesn't begin at 0.",
)
class BiasNotZero(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold[-1].bias = nn.Parameter(torch.linspace(0.1, 0.2, 2))


@mistake(
    "SpiralMLP",
    zh="用的是 ReLU：这里要 tanh。",
    en="That is ReLU: tanh is wanted.",
)
class ByReLU(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        layers = [nn.ReLU() if isinstance(layer, nn.Tanh) else layer for layer in self.fold.children()]
        self.fold = nn.Sequential(*layers)


@mistake(
    "SpiralMLP",
    zh="`forward` 跳过了 `hidden`：`head` 的输入是 `hidden(x)`。",
    en="`forward` leaves out `hidden`: the input of `head` is `hidden(x)`.",
)
class HeadOfFold(solutions.SpiralMLP):
    def forward(self, x):
        return self.head(self.fold(x))


@mistake("unfold", zh="训练之前的那一张没有拍。", en="The picture before the training is missing.")
def without_the_first(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames[1:], lines[1:]


@mistake(
    "unfold",
    zh="拍的是 logits：要隐藏层 `model.hidden(x)`。",
    en="Those are the logits: take the hidden layer, `model.hidden(x)`.",
)
def pictures_of_logits(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return torch.stack([model(x).detach() for _ in frames]), lines


@mistake(
    "unfold",
    zh="每一张照片里都是最后的直线：要在每一张照片那一刻算出三个数。",
    en="Every picture has the last line: compute its three numbers at the moment of each picture.",
)
def not_copied(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames, lines[-1].expand_as(lines)


@mistake("unfold", zh="直线的方向反了：logit 1 减去 logit 0。", en="The line's sign is wrong: logit 1 minus logit 0.")
def line_reversed(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames, -lines


@mistake(
    "unfold",
    zh="每一步都造了新的优化器：Adam 忘了以前的梯度。",
    en="Each step makes a new optimiser: Adam forgets its earlier gradients.",
)
def optimiser_anew(model, x, y, steps, lr, every):
    parts = [solutions.unfold(model, x, y, 0, lr, 1)]
    for step in range(1, steps + 1):
        fit(model, [(x, y)], torch.optim.Adam(model.parameters(), lr=lr), epochs=1)
        if step % every == 0:
            parts.append(solutions.unfold(model, x, y, 0, lr, 1))
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


@mistake(
    "unfold",
    zh="少走了几步：最后一张之后还要训练到 `steps`。",
    en="It stops too soon: after the last picture the training goes on to `steps`.",
)
def stops_at_the_picture(model, x, y, steps, lr, every):
    return solutions.unfold(model, x, y, steps // every * every, lr, every)


@mistake(
    "unfold",
    zh="只拍了训练之前和之后：每 `every` 步都要拍。",
    en="There are pictures only before and after the training: take one after every `every` steps.",
)
def first_and_last(model, x, y, steps, lr, every):
    return solutions.unfold(model, x, y, steps, lr, max(1, steps))


@mistake(
    "unfold",
    zh="每一步都拍了：只在每 `every` 步之后拍。",
    en="Each step has a picture: take one after every `every` steps only.",
)
def each_step(model, x, y, steps, lr, every):
    return solutions.unfold(model, x, y, steps, lr, 1)


@mistake(
    "unfold",
    zh="用的是 SGD：这里要 Adam。",
    en="That is SGD: Adam is wanted here.",
)
def by_sgd(model, x, y, steps, lr, every):
    optimizer, parts = torch.optim.SGD(model.parameters(), lr=lr), []
    for step in range(steps + 1):
        if step % every == 0:
            parts.append(solutions.unfold(model, x, y, 0, lr, 1))
        if step < steps:
            fit(model, [(x, y)], optimizer, epochs=1)
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


@mistake(
    "unfold",
    zh="照片还连着计算图：`detach()`，或用 `torch.no_grad()`。",
    en="The pictures still hang on a graph: `detach()`, or use `torch.no_grad()`.",
)
def with_graph(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames.requires_grad_(), lines


@mistake(
    "unfold",
    zh="直线里少了偏置之差：它还是 0。",
    en="The line lacks the difference of the biases: it is still 0.",
)
def without_bias(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames, lines * torch.tensor([1.0, 1, 0])


@mistake(
    "unfold",
    zh="最后多拍了一张：只在每 `every` 步之后拍。",
    en="There is one picture too many at the end: take one after every `every` steps only.",
)
def one_more_at_the_end(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    last = solutions.unfold(model, x, y, 0, lr, 1)
    return (torch.cat([frames, last[0]]), torch.cat([lines, last[1]])) if steps % every else (frames, lines)
