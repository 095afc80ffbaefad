"""ResNet34 in plain `torch.nn`, under the names of torchvision's state dict: what yours is measured against."""

from torch import Tensor, nn

from coach import say


class Block(nn.Module):
    """Two 3x3 convolutions, each with its batch norm, and a shortcut around them."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += shortcut
        return self.relu(out)


def group(n_blocks: int, c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    """`n_blocks` blocks in a row; the first may change the width and the size."""
    return nn.Sequential(Block(c_in, c_out, stride), *(Block(c_out, c_out) for _ in range(n_blocks - 1)))


class ResNet34(nn.Module):
    """He and others' network of 2015 (arXiv:1512.03385); other depths and widths by its arguments."""

    def __init__(
        self,
        blocks: tuple[int, ...] = (3, 4, 6, 3),
        widths: tuple[int, ...] = (64, 128, 256, 512),
        strides: tuple[int, ...] = (1, 2, 2, 2),
        n_classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layers = [f"layer{i + 1}" for i in range(len(blocks))]
        c_in = 64
        for name, n_blocks, c_out, stride in zip(self.layers, blocks, widths, strides, strict=True):
            self.add_module(name, group(n_blocks, c_in, c_out, stride))
            c_in = c_out
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(c_in, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for name in self.layers:
            x = self.get_submodule(name)(x)
        return self.fc(self.avgpool(x).flatten(1))


def pretrained() -> nn.Module:
    """torchvision's own ResNet34 with its ImageNet weights: 84 MB, downloaded once; torchvision is no part of the course."""
    try:
        from torchvision.models import ResNet34_Weights, resnet34  # type: ignore[import-not-found]
    except ImportError as error:
        zh = "需要 torchvision：先在终端运行 `pip install torchvision`，或者用 `reference.ResNet34()`"
        en = "this needs torchvision: run `pip install torchvision` in a terminal first, or use `reference.ResNet34()`"
        raise ImportError(say(zh=zh, en=en)) from error
    return resnet34(weights=ResNet34_Weights.IMAGENET1K_V1)
