"""Right answers of day 2's third lesson, each written in another way than the course's."""

import copy
import functools
import math

import numpy as np
import torch
import torch.nn.functional as F
from part2_cnns.solutions import Linear, Sequential, fit
from part2_resnets.solutions import SmallResNet
from torch import nn

from coach import variant
from part2_features import solutions

# Hooks


@variant("add_hook")
def by_recursion(model, hook, known=None):
    known = set() if known is None else known
    if model in known:
        return []
    known.add(model)
    inner = [handle for child in model.children() for handle in by_recursion(child, hook, known)]
    return [*inner, model.register_forward_hook(hook)]


@variant("add_hook")
def by_apply(model, hook):
    modules = []
    model.apply(modules.append)
    return [module.register_forward_hook(hook) for module in dict.fromkeys(modules)]


@variant("add_hook")
def by_named_modules(model, hook):
    handles = []
    for _name, module in model.named_modules():
        handles.append(module.register_forward_hook(lambda *given: hook(*given)))
    return handles


@variant("remove_hooks")
def pops(handles):
    while handles:
        handles.pop().remove()


@variant("remove_hooks")
def backwards(handles):
    _ = [handle.remove() for handle in reversed(handles)]


@variant("remove_hooks")
def by_id(handles):
    for handle in handles:
        hooks = handle.hooks_dict_ref()
        if hooks is not None and handle.id in hooks:
            del hooks[handle.id]


def has_nan(value):
    if isinstance(value, tuple | list):
        return any(map(has_nan, value))
    return isinstance(value, torch.Tensor) and bool((value != value).any())


@variant("hook_check_for_nan_output")
def by_recursion_through_tuples(module, inputs, output):
    if has_nan(output):
        raise ValueError(module.__class__.__name__)


@variant("hook_check_for_nan_output")
def by_numpy(module, inputs, output):
    for value in output if isinstance(output, tuple) else [output]:
        if isinstance(value, tuple):
            by_numpy(module, inputs, value)
        elif value is not None and np.isnan(value.detach().numpy()).any():
            raise ValueError(f"NaN in {module}")


# Feature extraction


@variant("get_resnet_for_feature_extraction")
def state_dict_of_the_body(n_classes, pretrained=None):
    pretrained = SmallResNet() if pretrained is None else pretrained
    model = SmallResNet(n_classes, pretrained.head.weight.shape[1] // 4).to(pretrained.head.weight.dtype)
    model.body.load_state_dict(pretrained.body.state_dict())
    model.body.requires_grad_(False)
    return model


@variant("get_resnet_for_feature_extraction")
def whole_state_dict(n_classes, pretrained=None):
    if pretrained is None:
        model = SmallResNet()
    else:
        classes, features = pretrained.head.weight.shape
        model = SmallResNet(classes, features // 4).to(pretrained.head.weight)
        model.load_state_dict(pretrained.state_dict())
    for p in model.parameters():
        p.requires_grad = False
    model.head = Linear(model.head.weight.shape[1], n_classes).to(model.head.weight.dtype)
    return model


@variant("get_resnet_for_feature_extraction")
def head_of_torch(n_classes, pretrained=None):
    model = copy.deepcopy(pretrained or SmallResNet())
    for p in model.body.parameters():
        p.requires_grad_(False)
    old = model.head.weight
    model.head = nn.Linear(old.size(1), n_classes, dtype=old.dtype)  # type: ignore
    return model.eval()


@variant("train_head")
def body_in_each_step(model, data, epochs, lr):
    images, labels = data.tensors
    model.eval()
    optimizer, losses = torch.optim.Adam(model.head.parameters(), lr=lr), []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(images), labels)
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return losses


@variant("train_head")
def optimiser_of_what_learns(model, data, epochs, lr):
    images, labels = data[:]
    model.eval()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    losses = []
    for _ in range(epochs):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


@variant("train_head")
def optimiser_of_all_parameters(model, data, epochs, lr):
    """The frozen ones have no gradients: Adam leaves them alone."""
    model.body.eval()
    images, labels = torch.stack([x for x, _ in data]), torch.stack([y for _, y in data])
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = -model(images).log_softmax(dim=1)[torch.arange(len(labels)), labels].mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# Filters


@variant("edge_detector")
def by_loops(theta=0.0, size=7):
    middle, weights = (size - 1) / 2, torch.zeros(size, size)
    for i in range(size):
        for j in range(size):
            x, y = j - middle, i - middle
            weights[i, j] = (x * math.cos(theta) + y * math.sin(theta)) * math.exp(-8 * (x * x + y * y) / size**2)
    return weights.unsqueeze(0) / weights.pow(2).sum().sqrt()


@variant("edge_detector")
def by_meshgrid(theta=0.0, size=7):
    line = torch.linspace(-(size - 1) / 2, (size - 1) / 2, size)
    y, x = torch.meshgrid(line, line, indexing="ij")
    bell = torch.exp(-0.5 * (x**2 + y**2) / (size / 4) ** 2)
    return F.normalize(((x * math.cos(theta) + y * math.sin(theta)) * bell).flatten(), dim=0).view(1, size, size)


@variant("edge_detector")
def by_numpy_in_double(theta=0.0, size=7):
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    weights = (x * np.cos(theta) + y * np.sin(theta)) * np.exp(-(x**2 + y**2) * 8 / size**2)
    return torch.tensor(weights / np.linalg.norm(weights), dtype=torch.float32)[None]


@variant("edge_likeness")
def from_normalised_filters(filters):
    size = filters.shape[-1]
    unit = F.normalize(filters.flatten(1), dim=1)
    e0, e90 = (solutions.edge_detector(a, size).flatten().to(filters.dtype) for a in (0.0, math.pi / 2))
    return torch.hypot(unit @ e0, unit @ e90)


@variant("edge_likeness")
def one_after_the_other(filters):
    size, found = filters.shape[-1], []
    for filter in filters:
        dots = [(filter * solutions.edge_detector(angle, size).to(filter)).sum() for angle in (0.5, 0.5 + math.pi / 2)]
        length = filter.norm()
        found.append(length * 0 if length == 0 else (dots[0] ** 2 + dots[1] ** 2).sqrt() / length)
    return torch.stack(found)


@variant("edge_likeness")
def by_cosine_similarity(filters):
    size = filters.shape[-1]
    edges = [solutions.edge_detector(a, size).flatten()[None].to(filters) for a in (0.0, math.pi / 2)]
    c, s = (F.cosine_similarity(filters.flatten(1), edge, eps=1e-30) for edge in edges)
    return torch.nan_to_num((c**2 + s**2).sqrt())


@variant("maximise_activation")
def gradient_by_hand_of_the_penalty(activation, start, steps, lr, penalty=0.0):
    image = start.detach().clone()
    for _ in range(steps):
        image = image.requires_grad_(True)
        gradient = torch.autograd.grad(activation(image).sum(), image)[0] - 2 * penalty * image.detach()
        image = torch.clamp(image.detach() + lr * gradient, min=0, max=1)
    return image.detach()


@variant("maximise_activation")
def by_sgd_upwards(activation, start, steps, lr, penalty=0.0):
    image = nn.Parameter(start.clone())
    optimizer = torch.optim.SGD([image], lr=lr, maximize=True)
    for _ in range(steps):
        objective = (activation(image) - penalty * image.pow(2).flatten(1).sum(1)).sum()
        image.grad = torch.autograd.grad(objective, image)[0]
        optimizer.step()
        with torch.no_grad():
            image.clamp_(0, 1)
    return image.data


@variant("maximise_activation")
def backward_for_the_image_alone(activation, start, steps, lr, penalty=0.0):
    image = start.clone()
    for _ in range(steps):
        image = image.detach().requires_grad_()
        (activation(image).sum() - penalty * (image**2).sum()).backward(inputs=[image])
        with torch.no_grad():
            image = (image + lr * image.grad).clip(0, 1)
    return image.detach()


@variant("maximise_activation")
def start_itself_after_no_step(activation, start, steps, lr, penalty=0.0):
    image = start  # not copied: each step makes a new image
    for _ in range(steps):
        leaf = image.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(activation(leaf).sum() - penalty * leaf.square().sum(), leaf)
        image = (image + lr * gradient).clamp(0, 1)
    return image


@variant("ablate_channel")
def by_a_mask(model, layer, channel, images):
    def hook(module, inputs, output):
        mask = torch.arange(output.shape[1]) == channel
        return output.masked_fill(mask.view(1, -1, *[1] * (output.ndim - 2)), 0)

    handle = layer.register_forward_hook(hook)
    try:
        logits = model(images)
    except BaseException:
        handle.remove()
        raise
    handle.remove()
    return logits.detach()


@variant("ablate_channel")
@torch.no_grad()
def a_copy_and_by_with(model, layer, channel, images):
    def hook(module, inputs, output):
        output = output.clone()
        output[:, channel] = 0
        return output

    with layer.register_forward_hook(hook):
        return model(images)


@variant("ablate_channel")
def modes_put_back(model, layer, channel, images):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    handle = layer.register_forward_hook(lambda m, i, output: output.index_fill(1, torch.tensor([channel]), 0.0))
    try:
        with torch.inference_mode():
            return model(images)
    finally:
        handle.remove()
        for module, mode in modes.items():
            module.training = mode


# Spirals


@variant("two_spirals")
def by_polar(n, turns, noise, generator):
    radius = torch.linspace(0.1, 1.0, n)
    arm = torch.view_as_real(torch.polar(radius, 2 * torch.pi * turns * radius))
    x = torch.cat([arm, -arm], dim=0)
    x = torch.normal(x, noise, generator=generator) if noise else x
    return x, torch.cat([torch.zeros(n, dtype=torch.long), torch.ones(n, dtype=torch.long)])


@variant("two_spirals")
def point_by_point(n, turns, noise, generator):
    points = []
    for sign in (1, -1):
        for k in range(n):
            r = 0.1 + 0.9 * k / (n - 1)
            angle = 2 * math.pi * turns * r
            points.append([sign * r * math.cos(angle), sign * r * math.sin(angle)])
    x = torch.tensor(points)
    x[:, 0] += noise * torch.randn(2 * n, generator=generator)
    x[:, 1] += noise * torch.randn(2 * n, generator=generator)
    return x, torch.tensor([0] * n + [1] * n)


@variant("two_spirals")
def each_arm_its_noise(n, turns, noise, generator):
    r = torch.linspace(0.1, 1, n)[:, None]
    arm = r * torch.cat([torch.cos(math.tau * turns * r), torch.sin(math.tau * turns * r)], dim=1)
    arms = [sign * arm + torch.empty(n, 2).normal_(0, noise, generator=generator) for sign in (1, -1)]
    return torch.cat(arms), (torch.arange(2 * n) >= n).long()


@variant("SpiralMLP")
class HeadFirst(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.head = nn.Linear(2, 2)
        self.fold = nn.Sequential(
            nn.Linear(2, width),
            nn.Tanh(),
            nn.Linear(width, width),
            nn.Tanh(),
            nn.Linear(width, width),
            nn.Tanh(),
            nn.Linear(width, 2),
        )
        nn.init.zeros_(self.fold[-1].weight)  # type: ignore
        nn.init.zeros_(self.fold[-1].bias)  # type: ignore

    def hidden(self, x):
        return self.fold(x) + x

    def forward(self, x):
        return self.head(self.hidden(x))


class Fold(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.last = Linear(width, 2)
        self.layers = nn.ModuleList([Linear(width, width), Linear(width, width)])
        self.first = Linear(2, width)
        with torch.no_grad():
            for p in self.last.parameters():
                p.zero_()

    def forward(self, x):
        x = torch.tanh(self.first(x))
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.last(x)


@variant("SpiralMLP")
class FoldOfItsOwn(nn.Module):
    def __init__(self, width=32):
        super(FoldOfItsOwn, self).__init__()  # noqa: UP008
        self.fold, self.head = Fold(width), Linear(2, 2)

    def hidden(self, x):
        return x + self.fold(x)

    def forward(self, x):
        return self.head(self.hidden(x))


@variant("SpiralMLP")
class ListOfLayers(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        sizes = [2, width, width, width, 2]
        self.fold = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.fold[-1].weight.data.zero_()  # type: ignore
        self.fold[-1].bias.data.zero_()  # type: ignore
        self.head = Sequential(nn.Linear(2, 2))[0]

    def hidden(self, x):
        y = x
        for i, layer in enumerate(self.fold):
            y = layer(y).tanh() if i < 3 else layer(y)
        return x + y

    def forward(self, x):
        return self.head(self.hidden(x))


@variant("SpiralMLP")
class LayersOneByOne(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.first, self.second, self.third = Linear(2, width), Linear(width, width), Linear(width, width)
        self.moves, self.head = Linear(width, 2), Linear(2, 2)
        with torch.no_grad():
            for p in self.moves.parameters():
                p.zero_()

    def hidden(self, x):
        inner = self.third(self.second(self.first(x).tanh()).tanh()).tanh()
        return x + self.moves(inner)

    def forward(self, x):
        return self.head(self.hidden(x))


@variant("unfold")
def all_steps_by_hand(model, x, y, steps, lr, every):
    optimizer, frames, lines = torch.optim.Adam(model.parameters(), lr), [], []

    def picture():
        frames.append(model.hidden(x).detach().clone())
        w, b = model.head.weight.detach(), model.head.bias.detach()
        lines.append(torch.stack([w[1, 0] - w[0, 0], w[1, 1] - w[0, 1], b[1] - b[0]]))

    picture()
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        if step % every == 0:
            picture()
    return torch.stack(frames), torch.stack(lines)


@variant("unfold")
def in_stretches(model, x, y, steps, lr, every):
    optimizer, frames, lines = torch.optim.Adam(model.parameters(), lr=lr), [], []
    for start in range(0, steps + 1, every):
        frames.append(model.hidden(x))
        difference = torch.cat([model.head.weight, model.head.bias[:, None]], dim=1).diff(dim=0)[0]
        lines.append(difference)
        fit(model, [(x, y)], optimizer, epochs=min(every, steps - start))
    return torch.stack(frames).detach(), torch.stack(lines).detach()


@variant("unfold")
def lines_from_logits(model, x, y, steps, lr, every):
    """The head at the origin and at the two unit vectors tells all three numbers."""
    optimizer, frames, lines = torch.optim.Adam(model.parameters(), lr=lr), [], []
    for step in range(steps + 1):
        if not step % every:
            with torch.no_grad():
                frames += [model.hidden(x)]
                at = model.head(torch.tensor([[0.0, 0], [1, 0], [0, 1]]))
                a0, a, b = (at[:, 1] - at[:, 0]).tolist()
                lines += [[a - a0, b - a0, a0]]
        if step != steps:
            fit(model, [(x, y)], optimizer, 1)
    return torch.stack(frames), torch.tensor(lines)


cached = functools.lru_cache(maxsize=None)(solutions.edge_detector)
variant("edge_detector", cached, name="a_cached_function")
