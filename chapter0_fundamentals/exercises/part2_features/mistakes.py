"""The wrong answers of day 2's second lesson, each explained in a sentence."""

import copy
import math

import torch
import torch.nn.functional as F
from part2_cnns.solutions import Linear, Sequential, SmallResNet, fit

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


@mistake("add_hook", zh="把手没有返回：钩子就取不下来了。", en="No handles come back: the hooks can't be taken off.")
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


@mistake("remove_hooks", zh="只取下了第一个。", en="Only the first comes off.")
def first_only(handles):
    if handles:
        handles[0].remove()


@mistake(
    "remove_hooks",
    zh="清空列表不等于取下钩子：对每一个调用 `remove()`。",
    en="To empty the list takes no hook off: call `remove()` on each.",
)
def clears_the_list(handles):
    del handles[:]


@mistake(
    "remove_hooks",
    zh="别人的钩子也取下了：只取下这些把手的。",
    en="Other people's hooks came off too: take off those of these handles only.",
)
def everybodys(handles):
    for handle in handles:
        hooks = handle.hooks_dict_ref()
        if hooks is not None:
            hooks.clear()


@mistake(
    "hook_check_for_nan_output", zh="只返回、不报错：要 `raise ValueError`。", en="It only returns: `raise ValueError`."
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


# Feature extraction


@mistake(
    "get_resnet_for_feature_extraction",
    zh="没有冻住身体：`requires_grad_(False)`。",
    en="The body isn't frozen: `requires_grad_(False)`.",
)
def not_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    return model.requires_grad_(True)


@mistake(
    "get_resnet_for_feature_extraction",
    zh="连新的头也冻住了：先冻，再换头。",
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
    zh="身体的权重丢了：要的是学过的那个，不是新的。",
    en="The body's weights are lost: keep the trained one, don't make it anew.",
)
def fresh_body(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    with torch.no_grad():
        for p in model.body.parameters():
            p.normal_()
    return model


@mistake(
    "train_head",
    zh="在 train 模式里跑了身体：运行统计量变了。",
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
    zh="身体也训练了：只把 `model.head.parameters()` 交给优化器。",
    en="The body was trained too: give the optimiser `model.head.parameters()` only.",
)
def trains_everything(model, data, epochs, lr):
    images, labels = data[:]
    model.eval()
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=lr), []
    for _ in range(epochs):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


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
    en="The projection's length is the root of the squares' sum, not the sum.",
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


@mistake("maximise_activation", zh="像素没有夹回 0 到 1。", en="The pixels aren't clamped to 0 to 1.")
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


@mistake("ablate_channel", zh="钩子留了下来：模型从此残缺。", en="The hook stays: the model is maimed for ever.")
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
    zh="每一张都是最后的样子：`lines` 没有拷贝，随着训练一起变了。",
    en="All lines are the last: without a copy they change along with the training.",
)
def not_copied(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames, lines[-1].expand_as(lines)


@mistake("unfold", zh="直线的方向反了：logit 1 减去 logit 0。", en="The line's sign is wrong: logit 1 less logit 0.")
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
