"""One test per exercise of day 2's second lesson; each is called from its cell, and collected by pytest.

Every module is held against its namesake in `torch.nn`: forward and backward, in train and eval, after all parameters
and buffers have been randomised.
"""

import copy
from collections import OrderedDict
from typing import Any

import torch
from part2_cnns.agreement import (
    MILD,
    agree,
    always_agree,
    fails_by,
    load_partners,
    made,
    namesakes,
    near,
    noise,
    randomise,
    same_names,
    same_start,
    self_made,
    unnoted,
)
from torch import Tensor, nn

from coach import case, close, holds, judged, raises, say
from coach.judging.compare import OBSERVERS
from part2_resnets import reference

# Convolution


@judged
def test_Conv2d(Conv2d):
    cases: list[dict[str, Any]] = [
        {"kernel_size": 3, "padding": 1},
        {"kernel_size": 3},
        {"kernel_size": 3, "stride": 2},
        {"kernel_size": (2, 5), "stride": (3, 1), "padding": (1, 2)},
        {"kernel_size": 7, "stride": 2, "padding": 3},
    ]
    for options in cases:
        mine, theirs = Conv2d(2, 3, **options), nn.Conv2d(2, 3, bias=False, **options)
        namesakes(mine, theirs, noise(2, 2, 9, 7), noise(1, 2, 7, 8), **MILD)
    same_start(lambda: Conv2d(5, 200, (3, 7)), nn.Conv2d(5, 200, (3, 7), bias=False))
    self_made(Conv2d(2, 3, 3), nn.Conv2d)


@judged
def test_MaxPool2d(MaxPool2d):
    x = -1e30 * (1 + noise(2, 3, 9, 7).abs())  # far below 0: a padding of zeros would win
    cases: list[dict[str, Any]] = [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": (2, 3), "padding": (1, 0)},
        {"kernel_size": (3, 2), "stride": (1, 3)},
    ]
    for options in cases:
        always_agree(MaxPool2d(**options), nn.MaxPool2d(**options), x, noise(1, 1, 5, 8), noise(1, 2, 6, 7).abs())
    with case(zh="float64，全在 float32 的范围以下", en="float64, all below the range of float32"):
        agree(MaxPool2d(3, 2, 1), nn.MaxPool2d(3, 2, 1), 1e30 * x.double())
    self_made(MaxPool2d(2), nn.MaxPool2d)


@judged
def test_BatchNorm2d(BatchNorm2d):
    x = 3 + torch.tensor([1.0, 5.0])[:, None, None] * noise(4, 2, 3, 5)
    same_names(BatchNorm2d(2), nn.BatchNorm2d(2))
    mine, theirs = BatchNorm2d(2), nn.BatchNorm2d(2)
    for _ in range(2):
        agree(mine, theirs, x, **MILD)
    cases: list[dict[str, Any]] = [{}, {"eps": 0.3}, {"momentum": 0.4}, {"momentum": 0.0}]
    for options in cases:
        mine, theirs = BatchNorm2d(2, **options), nn.BatchNorm2d(2, **options)
        namesakes(mine, theirs, *(() if options else (noise(1, 2, 3, 1), noise(4, 2, 1, 1))), x, **MILD)
    same_start(lambda: BatchNorm2d(3), nn.BatchNorm2d(3))
    close(dict(BatchNorm2d(3).named_buffers()), dict(nn.BatchNorm2d(3).named_buffers()))
    if OBSERVERS:
        close({name: str(value.dtype) for name, value in BatchNorm2d(3).named_buffers()}, {})
    fails_by(ValueError, BatchNorm2d(2), noise(1, 2, 1, 1))
    raises(ValueError, BatchNorm2d(2), noise(1, 2, 1, 1))
    norm = BatchNorm2d(2)
    norm.eval()
    close(norm(torch.ones(1, 2, 1, 1)), torch.ones(1, 2, 1, 1), atol=1e-4)
    far = 1000 + noise(4, 3, 5, 6)
    with case(zh="离 0 很远的输入", en="on values far from 0"):
        near(BatchNorm2d(3), nn.BatchNorm2d(3), far, atol=3e-3)
    with case(zh="方差很小的输入", en="on values of a small variance"):
        near(BatchNorm2d(2), nn.BatchNorm2d(2), 0.003 * x, atol=1e-3)
    mine, theirs = BatchNorm2d(2), nn.BatchNorm2d(2)
    theirs(x)
    with case(zh="`batch_statistics(x)`", en="`batch_statistics(x)`"):
        got = mine.batch_statistics(x)
        close(got, (x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)), **MILD)  # type: ignore
        close(dict(mine.named_buffers()), dict(theirs.named_buffers()), **MILD)  # type: ignore
    self_made(BatchNorm2d(2), nn.BatchNorm2d, x, "batch_norm")


@judged
def test_AveragePool(AveragePool):
    theirs = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    always_agree(AveragePool(), theirs, noise(2, 3, 4, 5), noise(1, 2, 7, 1), noise(3, 1, 1, 4))


# Residual networks


def compare(mine: nn.Module, theirs: nn.Module, *inputs: Tensor) -> None:
    """Twice in train, once in eval, and once more in float64."""
    load_partners(mine, theirs)
    for training in (True, True, False):
        for module in (mine, theirs):
            module.train(training)
        for x in inputs:
            agree(mine, theirs, x, rtol=1e-3, atol=3e-4)
    for module in (mine, theirs):
        module.double().train()
    with case(zh="输入为 float64 时", en="on float64"):
        agree(mine, theirs, inputs[0].double())


@judged
def test_ResidualBlock(ResidualBlock):
    for c_in, c_out, stride in ((3, 3, 1), (3, 5, 2), (3, 5, 1), (4, 4, 2)):
        inputs = noise(2, c_in, 7, 5), noise(1, c_in, 6, 9)
        compare(made(ResidualBlock, c_in, c_out, stride), reference.Block(c_in, c_out, stride), *inputs)
    compare(made(ResidualBlock, 3, 3), reference.Block(3, 3), noise(2, 3, 4, 5))


@judged
def test_BlockGroup(BlockGroup):
    for n_blocks, c_in, c_out, stride in ((1, 3, 4, 2), (2, 3, 4, 2), (3, 4, 4, 1)):
        theirs = reference.group(n_blocks, c_in, c_out, stride)
        mine = made(BlockGroup, n_blocks, c_in, c_out, stride)
        compare(mine, theirs, noise(2, c_in, 7, 5), noise(1, c_in, 6, 9))


@judged(seconds=30)
def test_ResNet34(ResNet34):
    for blocks, widths, strides, n_classes in (((1, 2), (8, 12), (1, 2), 7), ((2, 1, 1), (6, 8, 5), (2, 1, 3), 3)):
        given = [list(blocks), list(widths), list(strides)]
        mine = made(ResNet34, *given, n_classes)
        zh, en = "传入的列表被改动了", "a list that was given has changed"
        holds(given == [list(blocks), list(widths), list(strides)], zh=zh, en=en)
        theirs = reference.ResNet34(blocks, widths, strides, n_classes)
        compare(mine, theirs, noise(2, 3, 33, 21))
    widths = (4, 6, 5, 7)
    same_in_eval(
        made(ResNet34, out_features_per_group=widths, n_classes=3),
        reference.ResNet34(widths=widths, n_classes=3),
        noise(1, 3, 75, 64),
    )
    count = sum(p.numel() for p in made(ResNet34).parameters())
    if OBSERVERS:
        close(count, 21_797_672)
    holds(count == 21_797_672, zh=f"应有 21,797,672 个参数，得到 {count:,}", en=f"21,797,672 parameters, not {count:,}")


def same_in_eval(mine: nn.Module, theirs: nn.Module, x: Tensor) -> None:
    load_partners(mine, theirs)
    with torch.no_grad(), unnoted():
        got, expected = mine.eval()(x), theirs.eval()(x)
    close(got, expected, rtol=1e-3, atol=3e-4)


def renamed(width: int = 3, kernel: tuple[int, int] = (3, 3), buffers: bool = True) -> nn.Sequential:
    """A network whose names, sorted, stand in another order."""
    first = nn.Conv2d(2, width, kernel), nn.BatchNorm2d(width, track_running_stats=buffers), nn.Flatten()
    names = "stem", "norm", "flat", "later", "between", "head"
    rest = nn.Linear(width, 4), nn.Linear(4, 4), nn.Linear(4, 4)
    return nn.Sequential(OrderedDict(zip(names, (*first, *rest), strict=True)))


@judged
def test_copy_weights(copy_weights):
    mine, theirs = nn.Sequential(*renamed()), renamed()
    randomise(theirs)
    mine[0].weight.requires_grad_(False)
    expected = [value.clone() for value in theirs.state_dict().values()]
    parameters = list(mine.parameters())
    got = copy_weights(mine, theirs)
    holds(got is mine, zh="应当返回 `mine` 本身", en="it should return `mine` itself")
    close(dict(mine.state_dict()), dict(zip(mine.state_dict(), expected, strict=True)))
    with case(zh="`theirs`", en="`theirs`"):
        close(list(theirs.state_dict().values()), expected)
    zh, en = "`theirs` 的参数的 `requires_grad` 变了", "the `requires_grad` of the parameters of `theirs` changed"
    holds(all(p.requires_grad for p in theirs.parameters()), zh=zh, en=en)
    asks = [p.requires_grad for p in mine.parameters()]
    zh, en = "参数的 `requires_grad` 变了", "the `requires_grad` of its parameters changed"
    holds(asks == [False] + [True] * (len(asks) - 1), zh=zh, en=en)
    same = all(p is q for p, q in zip(mine.parameters(), parameters, strict=True))
    holds(same, zh="`mine` 的参数被换成了新的对象", en="the parameters of `mine` were exchanged for new objects")
    with torch.no_grad():
        for value in mine.state_dict().values():
            value.zero_()
    zh, en = "两个网络共用内存：改动一个，另一个也变了", "the networks share memory: changing one changes the other"
    kept = all(value.equal(e) for value, e in zip(theirs.state_dict().values(), expected, strict=True))
    holds(kept, zh=zh, en=en)
    before = {name: value.clone() for name, value in mine.state_dict().items()}
    misfits = {
        say(zh="多一层", en="one layer more"): nn.Sequential(*renamed(), nn.Linear(2, 2)),
        say(zh="少一层", en="one layer less"): nn.Sequential(*list(renamed())[:-1]),
        say(zh="更宽", en="wider"): renamed(5),
        say(zh="顺序不同", en="another order"): nn.Sequential(*list(renamed())[::-1]),
        say(zh="只有最后一层不合", en="only the last layer doesn't fit"): nn.Sequential(
            *list(renamed())[:-1], nn.Linear(4, 9)
        ),
        say(zh="元素一样多，形状不同", en="as many elements in another shape"): renamed(kernel=(1, 9)),
        say(zh="缺少 buffer", en="without buffers"): renamed(buffers=False),
    }
    for words, other in misfits.items():
        with case(zh=words, en=words):
            fails_by(ValueError, copy_weights, copy.deepcopy(mine), other)
            raises(ValueError, copy_weights, mine, other)
            close(dict(mine.state_dict()), before)


@judged
def test_predict(predict):
    torch.manual_seed(8)
    inner = nn.Sequential(nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(12, 5))
    model = nn.Sequential(nn.BatchNorm2d(2), inner, nn.Dropout(0.5))
    state = copy.deepcopy(model.state_dict())
    for images in (2 * noise(7, 2, 3, 2), noise(1, 2, 3, 2), 3000 * noise(4, 2, 3, 2)):
        model.eval()
        with torch.no_grad():
            probs = softmaxed(model(images))
        mixed = [True, False, True, True, False, True, False]  # the two batch norms are in different modes
        for modes in ([False] * 7, [True] * 7, mixed, [not mode for mode in mixed]):
            for module, training in zip(model.modules(), modes, strict=True):
                module.training = training
            before = [module.training for module in model.modules()]
            classes, confidence = predict(model, images)
            close(classes, torch.tensor([int(row.argmax()) for row in probs]))
            close(confidence, torch.tensor([float(row.max()) for row in probs]), rtol=1e-5, atol=1e-6)
            holds(not confidence.requires_grad, zh="不需要梯度", en="no gradients are needed")
            as_before(model, before)
            close(dict(model.state_dict()), dict(state))
    zh, en = (
        "之后不再记录计算图：`no_grad` 要用 `with`",
        "afterwards no graphs are recorded any more: use `no_grad` by `with`",
    )
    holds(torch.is_grad_enabled(), zh=zh, en=en)
    before = [module.training for module in model.modules()]
    with case(zh="模型报错之后", en="after an error in the model"):
        for error, images in ((RuntimeError, noise(2, 2, 5, 5)), (KeyError, 1e6 * torch.ones(1, 2, 3, 2))):
            fails_by(error, predict, model, images)
            raises(error, predict, model, images)
            as_before(model, before)
            model.register_forward_pre_hook(fails)


def fails(module: nn.Module, inputs: tuple) -> None:
    raise KeyError("an error of the model's own")


def as_before(model: nn.Module, before: list[bool]) -> None:
    for (name, module), training in zip(model.named_modules(), before, strict=True):
        was, now = ("train" if mode else "eval" for mode in (training, module.training))
        place = f"`{name}`" if name else say(zh="模型", en="the model")
        zh, en = (
            f"{place} 之前是 {was} 模式，之后是 {now}",
            f"{place} was in {was} mode before, and is in {now} afterwards",
        )
        holds(was == now, zh=zh, en=en)


def softmaxed(logits: Tensor) -> Tensor:
    exp = (logits - logits.amax(dim=1, keepdim=True)).exp()
    return exp / exp.sum(dim=1, keepdim=True)


class SmallReference(nn.Module):
    """`SmallResNet` in plain torch.nn."""

    def __init__(self, n_classes: int, width: int) -> None:
        super().__init__()
        self.entrance = nn.Sequential(nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        groups = (width, width, 1), (width, 2 * width, 2), (2 * width, 4 * width, 2)
        self.groups = nn.Sequential(*(reference.group(1, *group) for group in groups))
        self.head = nn.Linear(4 * width, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.groups(self.entrance(x)).mean(dim=(2, 3)))


@judged
def test_SmallResNet(SmallResNet):
    compare(made(SmallResNet, 7, 5), SmallReference(7, 5), noise(2, 1, 8, 8), noise(1, 1, 9, 6))
    fresh, x = made(SmallResNet), noise(2, 1, 8, 8)
    with torch.no_grad(), unnoted():
        first, second = fresh.eval()(x)
    zh, en = "不同的图像，输出却相同：它什么也学不到", "it gives the same for different images, and can learn nothing"
    holds(not first.equal(second), zh=zh, en=en)
    same_in_eval(fresh, SmallReference(10, 16), x)
    for name in ("body", "head"):
        zh, en = f"它没有叫 `{name}` 的部分", f"it has no part called `{name}`"
        holds(isinstance(getattr(fresh, name, None), nn.Module), zh=zh, en=en)
    with torch.no_grad(), unnoted():
        features, logits = fresh.body(x), fresh(x)  # type: ignore
    with case(zh="`body` 输出的形状", en="the shape of what `body` returns"):
        close(tuple(features.shape), (2, 64))
    with torch.no_grad(), case(zh="`head(body(x))`", en="`head(body(x))`"):
        close(fresh.head(features), logits)  # type: ignore
