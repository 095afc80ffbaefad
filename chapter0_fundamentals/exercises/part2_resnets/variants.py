"""Right answers of day 2's second lesson, each written in another way; the tests accept them all."""

import copy
import functools
import math

import torch
import torch.nn.functional as F
from part2_cnns.variants import BiasRegisteredFirst
from torch import nn

from coach import variant
from part2_resnets import solutions

# Convolution


@variant("Conv2d")
class ByUnfold(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        self.size, self.stride, self.padding = solutions.pair(kernel_size), stride, padding
        n = in_channels * self.size[0] * self.size[1]
        self.weight = nn.Parameter((torch.rand(out_channels, in_channels, *self.size) * 2 - 1) / n**0.5)

    def forward(self, x):
        columns = F.unfold(x, self.size, padding=self.padding, stride=self.stride)
        (h, w), (sh, sw), (ph, pw) = self.size, solutions.pair(self.stride), solutions.pair(self.padding)
        height, width = (x.shape[2] + 2 * ph - h) // sh + 1, (x.shape[3] + 2 * pw - w) // sw + 1
        return (self.weight.flatten(1) @ columns).reshape(len(x), -1, height, width)


@variant("Conv2d")
class ByKaiming(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        self.register_parameter("bias", None)
        self.weight = nn.Parameter(torch.empty((out_channels, in_channels) + solutions.pair(kernel_size)))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        self.options = {"stride": stride, "padding": padding}

    def forward(self, x):
        return torch.conv2d(x, self.weight, self.bias, **self.options)  # type: ignore


@variant("MaxPool2d")
class ByWindows(nn.Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel = solutions.pair(kernel_size)
        self.stride = self.kernel if stride is None else solutions.pair(stride)
        self.padding = solutions.pair(padding)

    def forward(self, x):
        (h, w), (sh, sw), (ph, pw) = self.kernel, self.stride, self.padding
        padded = F.pad(x, (pw, pw, ph, ph), value=-math.inf)
        return padded.unfold(2, h, sh).unfold(3, w, sw).amax(dim=(-2, -1))


@variant("MaxPool2d")
class OneAfterTheOther(ByWindows):
    """Of three equal ones the first two get a quarter of the gradient each, and the last one a half."""

    def forward(self, x):
        (h, w), (sh, sw), (ph, pw) = self.kernel, self.stride, self.padding
        padded = F.pad(x, (pw, pw, ph, ph), value=-math.inf)
        windows = padded.unfold(2, h, sh).unfold(3, w, sw).flatten(-2)
        return functools.reduce(torch.maximum, windows.unbind(dim=-1))


@variant("MaxPool2d")
class PadsTheEdge(solutions.MaxPool2d):
    """The pixels at the edge once more: each window with a copy has the pixel itself."""

    def forward(self, x):
        height, width = solutions.pair(self.padding)
        padded = F.pad(x, (width, width, height, height), mode="replicate")
        return F.max_pool2d(padded, self.kernel_size, self.stride)


@variant("MaxPool2d")
class ByKeywords(nn.Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.pool = functools.partial(F.max_pool2d, kernel_size=kernel_size, stride=stride, padding=padding)

    def forward(self, x):
        return self.pool(x)


@variant("BatchNorm2d")
class BuffersFirst(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.long))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.weight = nn.Parameter(torch.ones(num_features))
        self.eps, self.momentum = eps, momentum

    def batch_statistics(self, x):
        if x[:, 0].numel() <= 1:
            raise ValueError
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        keep = 1 - self.momentum
        self.running_mean = keep * self.running_mean + self.momentum * mean.detach()
        self.running_var = keep * self.running_var + self.momentum * x.detach().var((0, 2, 3))
        self.num_batches_tracked += 1
        return mean, var

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = self.batch_statistics(x)
        by_channel = (1, -1, 1, 1)
        normed = (x - mean.view(by_channel)) / torch.sqrt(var.view(by_channel) + self.eps)
        return normed * self.weight.view(by_channel) + self.bias.view(by_channel)


@variant("BatchNorm2d")
class ByTransposing(solutions.BatchNorm2d):
    def batch_statistics(self, x):
        rows = x.movedim(1, 0).flatten(1)
        if rows.shape[1] == 1:
            raise ValueError("one value")
        mean = rows.mean(dim=1)
        var = ((rows - mean[:, None]) ** 2).mean(dim=1)
        with torch.no_grad():
            n = rows.shape[1]
            self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
            self.running_var.mul_(1 - self.momentum).add_(self.momentum * var * n / (n - 1))
            self.num_batches_tracked.add_(1)
        return mean, var

    def forward(self, x):
        mean, var = self.batch_statistics(x) if self.training else (self.running_mean, self.running_var)
        y = (x.permute(0, 2, 3, 1) - mean) / (var + self.eps).sqrt() * self.weight + self.bias
        return y.permute(0, 3, 1, 2)


@variant("AveragePool")
class BySum(nn.Module):
    def forward(self, x):
        return torch.einsum("bchw->bc", x) / (x.size(2) * x.size(3))


@variant("AveragePool")
class ByAdaptivePool(nn.Module):
    def forward(self, x):
        return F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1)


# Residual networks


@variant("ResidualBlock")
class NamedLayers(nn.Module):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__()
        self.conv1 = solutions.Conv2d(in_feats, out_feats, 3, first_stride, 1)
        self.bn1 = BuffersFirst(out_feats)
        self.conv2 = solutions.Conv2d(out_feats, out_feats, 3, 1, 1)
        self.bn2 = BuffersFirst(out_feats)
        self.shortcut = None
        if in_feats != out_feats or first_stride > 1:
            self.shortcut = nn.ModuleList([solutions.Conv2d(in_feats, out_feats, 1, first_stride)])
            self.shortcut.append(BuffersFirst(out_feats))

    def forward(self, x):
        shortcut = x
        for layer in self.shortcut or []:
            shortcut = layer(shortcut)
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        out += shortcut
        return F.relu(out)


@variant("ResidualBlock")
class OfTorch(nn.Module):
    def __init__(self, in_feats, out_feats, first_stride=1):
        super().__init__()
        conv = functools.partial(nn.Conv2d, bias=False)
        first = conv(in_feats, out_feats, 3, stride=first_stride, padding=1), nn.BatchNorm2d(out_feats)
        second = conv(out_feats, out_feats, 3, padding=1), nn.BatchNorm2d(out_feats)
        self.left = nn.Sequential(*first, nn.ReLU(), *second)
        same = first_stride == 1 and in_feats == out_feats
        right = [] if same else [conv(in_feats, out_feats, 1, stride=first_stride), nn.BatchNorm2d(out_feats)]
        self.right = nn.Sequential(*right)

    def forward(self, x):
        right = self.right(x)
        return torch.relu(right + self.left(x))


@variant("BlockGroup")
class OfBlocksInAList(nn.Module):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        super().__init__()
        self.blocks = nn.ModuleList()
        for i in range(n_blocks):
            block = NamedLayers(in_feats if i == 0 else out_feats, out_feats, first_stride if i == 0 else 1)
            self.blocks.append(block)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


@variant("BlockGroup")
class FirstAndRest(nn.Module):
    def __init__(self, n_blocks, in_feats, out_feats, first_stride=1):
        super().__init__()
        self.first = solutions.ResidualBlock(in_feats, out_feats, first_stride)
        for i in range(1, n_blocks):
            self.add_module(f"rest{i}", solutions.ResidualBlock(out_feats, out_feats))

    def forward(self, x):
        return functools.reduce(lambda y, block: block(y), self.children(), x)


@variant("ResNet34")
class LayerByLayer(nn.Module):
    def __init__(
        self,
        n_blocks_per_group=(3, 4, 6, 3),
        out_features_per_group=(64, 128, 256, 512),
        first_strides_per_group=(1, 2, 2, 2),
        n_classes=1000,
    ):
        super().__init__()
        self.conv = solutions.Conv2d(3, 64, 7, 2, 3)
        self.norm = BuffersFirst(64)
        self.pool = ByWindows(3, 2, 1)  # ties share the gradient
        self.groups = nn.ModuleList()
        in_feats = 64
        for i, n_blocks in enumerate(n_blocks_per_group):
            out_feats = out_features_per_group[i]
            self.groups.append(OfBlocksInAList(n_blocks, in_feats, out_feats, first_strides_per_group[i]))
            in_feats = out_feats
        self.fc = BiasRegisteredFirst(in_feats, n_classes)

    def forward(self, x):
        x = self.pool(F.relu(self.norm(self.conv(x))))
        for group in self.groups:
            x = group(x)
        return self.fc(x.mean((2, 3)))


@variant("copy_weights")
def copy_one_by_one(mine, theirs):
    pairs = list(zip(mine.state_dict().values(), theirs.state_dict().values(), strict=True))
    if any(target.shape != source.shape for target, source in pairs):
        raise ValueError
    with torch.no_grad():
        for target, source in pairs:
            target.copy_(source)
    return mine


@variant("copy_weights")
def copy_parameters_then_buffers(mine, theirs):
    kinds = (mine.parameters(), theirs.parameters()), (mine.buffers(), theirs.buffers())
    pairs = [(list(own), list(other)) for own, other in kinds]
    for own, other in pairs:
        if [t.shape for t in own] != [t.shape for t in other]:
            raise ValueError("copy_weights: these networks differ")
    for own, other in pairs:
        for target, source in zip(own, other, strict=True):
            target.data = source.detach().clone()
    return mine


@variant("copy_weights")
def copy_with_a_deep_copy(mine, theirs):
    values = copy.deepcopy(list(theirs.state_dict().values()))
    names = list(mine.state_dict())
    if len(values) != len(names):
        raise ValueError("different numbers")
    before = copy.deepcopy(mine.state_dict())
    try:
        mine.load_state_dict({name: values[i] for i, name in enumerate(names)})
    except RuntimeError as error:
        mine.load_state_dict(before)
        raise ValueError("shapes differ") from error
    return mine


@variant("predict")
@torch.inference_mode()
def predict_by_argmax(model, images):
    modes = {name: module.training for name, module in model.named_modules()}
    try:
        logits = model.eval()(images)
    finally:
        for name, module in model.named_modules():
            module.training = modes[name]
    probs = torch.softmax(logits, 1)
    best = probs.argmax(1)
    return best, probs[torch.arange(len(best)), best]


@variant("predict")
def predict_on_a_copy(model, images):
    with torch.no_grad():
        logits = copy.deepcopy(model).eval()(images)
    exp = (logits - logits.amax(1, keepdim=True)).exp()
    return logits.argmax(1), (exp / exp.sum(1, keepdim=True)).amax(1)


class BodyLayerByLayer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.entrance = nn.Sequential(solutions.Conv2d(1, width, 3, padding=1), solutions.BatchNorm2d(width), nn.ReLU())
        self.group1 = solutions.BlockGroup(1, width, width)
        self.block2 = NamedLayers(width, 2 * width, 2)
        self.block3 = solutions.ResidualBlock(2 * width, 4 * width, 2)

    def forward(self, x):
        x = self.block3(self.block2(self.group1(self.entrance(x))))
        return torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1)


@variant("SmallResNet")
class SmallLayerByLayer(nn.Module):
    def __init__(self, n_classes=10, width=16):
        super().__init__()
        self.body = BodyLayerByLayer(width)
        self.head = BiasRegisteredFirst(4 * width, n_classes)

    def forward(self, x):
        return self.head(self.body(x))
