"""Right answers of day 5's lesson on GANs, each written in another way; the tests accept them all."""

import math

import einops
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn import grad

from coach import variant
from part5_gans import solutions

# Transposed convolution


@variant("conv1d_matrix")
def by_unit_vectors(kernel, width, stride=1):
    columns = [
        torch.conv1d(unit.view(1, 1, -1), kernel.view(1, 1, -1), stride=stride) for unit in torch.eye(width).to(kernel)
    ]
    return torch.cat(columns).squeeze(1).T


@variant("conv1d_matrix")
def in_numpy(kernel, width, stride=1):
    kernel = kernel.numpy()
    out = np.zeros(((width - len(kernel)) // stride + 1, width), dtype=kernel.dtype)
    for i in range(out.shape[0]):
        for j, weight in enumerate(kernel):
            out[i, i * stride + j] = weight
    return torch.from_numpy(out)


@variant("conv1d_matrix")
def by_padding(kernel, width, stride=1):
    starts = range(0, width - len(kernel) + 1, stride)
    return torch.stack([F.pad(kernel, (start, width - start - len(kernel))) for start in starts])


def stamped(x, weights, stride=1):
    """Every input's stamp, added up."""
    k, width = weights.shape[-1], x.shape[-1]
    total = x.new_zeros(x.shape[0], weights.shape[1], (width - 1) * stride + k)
    for i in range(width):
        total[..., i * stride : i * stride + k] += torch.einsum("bi,iok->bok", x[..., i], weights)
    return total


@variant("conv_transpose1d_minimal")
def by_stamps(x, weights):
    return stamped(x, weights)


@variant("conv_transpose1d_minimal")
def by_windows(x, weights):
    k = weights.size(2)
    border = x.new_zeros(*x.shape[:2], k - 1)
    windows = torch.cat([border, x, border], dim=2).unfold(2, k, 1)
    return einops.einsum(windows, weights.flip(2), "b i w k, i o k -> b o w")


@variant("conv_transpose1d_minimal")
def by_padding_of_conv1d(x, weights):
    return torch.conv1d(x, torch.flip(weights, [2]).permute(1, 0, 2), padding=weights.shape[2] - 1)


@variant("conv_transpose1d_minimal")
def by_the_gradient_of_a_convolution(x, weights):
    batch, _, width = x.shape
    _, c_out, k = weights.shape
    return grad.conv1d_input((batch, c_out, width + k - 1), weights, x)


@variant("fractional_stride_1d")
def by_a_new_axis(x, stride=1):
    zeros = x.new_zeros(*x.shape, stride - 1)
    whole = torch.cat([x[..., None], zeros], dim=-1).flatten(-2)
    return whole[..., : whole.shape[-1] - stride + 1]


@variant("fractional_stride_1d")
def by_product(x, stride=1):
    first = torch.eye(stride)[0].to(x)
    return torch.kron(x.contiguous(), first)[:, :, : (x.shape[2] - 1) * stride + 1]


@variant("conv_transpose1d")
def by_cutting(x, weights, stride=1, padding=0):
    y = stamped(x, weights, stride)
    return y[:, :, padding : y.shape[2] - padding]


@variant("conv_transpose1d")
def by_one_more_minimal(x, weights, stride=1, padding=0):
    y = solutions.conv_transpose1d_minimal(solutions.fractional_stride_1d(x, stride), weights)
    return y.narrow(2, padding, y.shape[2] - 2 * padding)


@variant("fractional_stride_2d")
def one_axis_at_a_time(x, stride_h, stride_w):
    by_row = solutions.fractional_stride_1d(x.flatten(1, 2), stride_w).unflatten(1, x.shape[1:3])
    return (
        solutions.fractional_stride_1d(by_row.transpose(2, 3).flatten(1, 2), stride_h)
        .unflatten(1, (x.shape[1], by_row.shape[3]))
        .transpose(2, 3)
    )


@variant("fractional_stride_2d")
def by_kron(x, stride_h, stride_w):
    first = torch.zeros(stride_h, stride_w, dtype=x.dtype)
    first[0, 0] = 1
    height, width = x.shape[-2:]
    return torch.kron(x.contiguous(), first)[..., : (height - 1) * stride_h + 1, : (width - 1) * stride_w + 1]


@variant("conv_transpose2d")
def by_fold(x, weights, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = solutions.pair(stride), solutions.pair(padding), weights.shape[-2:]
    columns = einops.einsum(x, weights, "b i h w, i o kh kw -> b o kh kw h w").flatten(4).flatten(1, 3)
    size = (x.shape[2] - 1) * sh + kh - 2 * ph, (x.shape[3] - 1) * sw + kw - 2 * pw
    return F.fold(columns, size, (kh, kw), padding=(ph, pw), stride=(sh, sw))


@variant("conv_transpose2d")
def by_loops(x, weights, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    (batch, _, h, w), (_, c_out, kh, kw) = x.shape, weights.shape
    y = torch.zeros(batch, c_out, (h - 1) * sh + kh, (w - 1) * sw + kw, dtype=x.dtype)
    for i in range(kh):
        for j in range(kw):
            part = torch.einsum("bihw,io->bohw", x, weights[:, :, i, j])
            y[:, :, i : i + (h - 1) * sh + 1 : sh, j : j + (w - 1) * sw + 1 : sw] += part
    return y[:, :, ph : y.shape[2] - ph, pw : y.shape[3] - pw]


@variant("ConvTranspose2d")
class ByOwnFunction(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        kh, kw = solutions.pair(kernel_size)
        self.options = {"stride": stride, "padding": padding}
        n = out_channels * kh * kw
        self.weight = nn.Parameter((2 * torch.rand(in_channels, out_channels, kh, kw) - 1) / math.sqrt(n))

    def forward(self, x):
        return solutions.conv_transpose2d(x, self.weight, **self.options)


@variant("ConvTranspose2d")
class ByKaiming(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        self.register_parameter("bias", None)
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels, *solutions.pair(kernel_size)))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        self.stride, self.padding = solutions.pair(stride), solutions.pair(padding)

    def forward(self, x):
        return torch.conv_transpose2d(x, self.weight, self.bias, self.stride, self.padding)  # type: ignore


# Activations


@variant("LeakyReLU")
class ByClamping(nn.Module):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.slope = negative_slope

    def forward(self, x):
        return x.clamp(min=0) + self.slope * x.clamp(max=0)


@variant("LeakyReLU")
class ByMaximum(nn.Module):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.slope = negative_slope

    def forward(self, x):
        return torch.maximum(x, self.slope * x)


@variant("LeakyReLU")
class ByReLU(nn.Module):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.a = negative_slope

    def forward(self, x):
        return F.relu(x) - self.a * torch.relu(-x)


@variant("LeakyReLU")
class ByMask(nn.Module):
    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.a = negative_slope

    def forward(self, x):
        positive = (x >= 0).to(x.dtype)
        return x * positive + self.a * x * (1 - positive)


@variant("Sigmoid")
class BySoftplus(nn.Module):
    def forward(self, x):
        return torch.exp(-F.softplus(-x))


@variant("Sigmoid")
class BySoftmax(nn.Module):
    def forward(self, x):
        return torch.stack([x, torch.zeros_like(x)]).softmax(dim=0)[0]


@variant("Sigmoid")
class ByClamped(nn.Module):
    def forward(self, x):
        return 1 / (1 + torch.exp(-x.clamp(min=-80)))


@variant("Sigmoid")
class ByBothSides(nn.Module):
    def forward(self, x):
        e_neg, e_pos = torch.exp(-x.clamp(min=0)), torch.exp(x.clamp(max=0))
        return torch.where(x >= 0, 1 / (1 + e_neg), e_pos / (1 + e_pos))


@variant("Tanh")
class TanhBySoftmax(nn.Module):
    def forward(self, x):
        up, down = torch.stack([x, -x]).softmax(dim=0)
        return up - down


@variant("Tanh")
class TanhByClamping(nn.Module):
    def forward(self, x):
        x = x.clamp(-40, 40)
        e, inverse = x.exp(), (-x).exp()
        return (e - inverse) / (e + inverse)


@variant("Tanh")
class TanhByExpm1(nn.Module):
    def forward(self, x):
        down = torch.expm1(-2 * x.clamp(min=0))
        up = torch.expm1(2 * x.clamp(max=0))
        return torch.where(x > 0, -down / (2 + down), up / (2 + up))


# Networks


@variant("Generator")
class PlainGenerator(nn.Module):
    """By PyTorch's own modules, one Sequential."""

    def __init__(self, latent_dim, img_size, img_channels, hidden_channels):
        super().__init__()
        n, channels = len(hidden_channels), list(hidden_channels)[::-1] + [img_channels]
        side = img_size // 2**n
        self.net = nn.Sequential(
            nn.Linear(latent_dim, channels[0] * side * side, bias=False),
            nn.Unflatten(1, (channels[0], side, side)),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(inplace=True),
        )
        for i in range(n):
            self.net.append(nn.ConvTranspose2d(channels[i], channels[i + 1], 4, 2, 1, bias=False))
            if i < n - 1:
                self.net.append(nn.BatchNorm2d(channels[i + 1]))
                self.net.append(nn.ReLU())
        self.net.append(nn.Tanh())

    def forward(self, z):
        return self.net(z)


@variant("Generator")
class ByLists(nn.Module):
    """Layers in two lists, registered in the order of use all the same."""

    def __init__(self, latent_dim, img_size, img_channels, hidden_channels):
        super().__init__()
        channels = (*hidden_channels[::-1], img_channels)
        self.size = img_size >> len(hidden_channels)
        self.fc = solutions.Linear(latent_dim, channels[0] * self.size**2, bias=False)
        self.first_norm = nn.BatchNorm2d(channels[0])
        self.blocks = nn.ModuleList()
        for c_in, c_out in zip(channels[:-2], channels[1:-1], strict=True):
            conv = solutions.ConvTranspose2d(c_in, c_out, 4, 2, 1)
            self.blocks.append(nn.Sequential(conv, solutions.BatchNorm2d(c_out), nn.ReLU()))
        self.last = nn.ConvTranspose2d(channels[-2], channels[-1], kernel_size=4, stride=2, padding=1, bias=False)

    def forward(self, z):
        x = einops.rearrange(self.fc(z), "b (c h w) -> b c h w", h=self.size, w=self.size)
        x = self.first_norm(x).relu()
        for block in self.blocks:
            x = block(x)
        return torch.tanh(self.last(x))


@variant("Discriminator")
class PlainDiscriminator(nn.Module):
    def __init__(self, img_size, img_channels, hidden_channels):
        super().__init__()
        self.net, c_in, side = nn.Sequential(), img_channels, img_size
        for i, c_out in enumerate(hidden_channels):
            self.net.append(nn.Conv2d(c_in, c_out, 4, 2, 1, bias=False))
            if i > 0:
                self.net.append(nn.BatchNorm2d(c_out))
            self.net.append(nn.LeakyReLU(0.2, inplace=True))
            c_in, side = c_out, side // 2
        self.net.append(nn.Flatten())
        self.net.append(nn.Linear(c_in * side * side, 1))

    def forward(self, x):
        return self.net(x)[:, 0]


@variant("Discriminator")
class ByFunctions(nn.Module):
    def __init__(self, img_size, img_channels, hidden_channels):
        super().__init__()
        channels = [img_channels] + list(hidden_channels)
        self.blocks = nn.ModuleList(
            nn.Sequential(solutions.Conv2d(a, b, 4, 2, 1), nn.Identity() if i == 0 else nn.BatchNorm2d(b))
            for i, (a, b) in enumerate(zip(channels[:-1], channels[1:], strict=True))
        )
        side = img_size // 2 ** len(hidden_channels)
        self.out = nn.Linear(channels[-1] * side**2, 1, bias=True)

    def forward(self, x):
        for block in self.blocks:
            x = F.leaky_relu(block(x), negative_slope=0.2)
        return self.out(x.flatten(start_dim=1)).reshape(-1)


@variant("initialize_weights")
def by_apply(model):
    def start(layer):
        if isinstance(layer, solutions.NORMS):
            layer.weight.data.normal_(1.0, 0.02)
            layer.bias.data.zero_()
        elif isinstance(layer, solutions.WEIGHTED):
            layer.weight.data.normal_(0.0, 0.02)
            if getattr(layer, "bias", None) is not None:
                layer.bias.data.fill_(0)  # type: ignore

    model.apply(start)


@variant("initialize_weights")
@torch.no_grad()
def by_name(model):
    for layer in model.modules():
        kind = type(layer).__name__
        if kind in ("Conv2d", "ConvTranspose2d", "Linear", "BatchNorm2d"):
            layer.weight.copy_(0.02 * torch.randn(layer.weight.shape) + (kind == "BatchNorm2d"))
            if "bias" in dict(layer.named_parameters()):
                layer.bias.mul_(0)


@variant("DCGAN")
class PlainDCGAN(nn.Module):
    """Discriminator first, initialised one by one; noise by its distribution."""

    def __init__(self, latent_dim=32, img_size=8, img_channels=1, hidden_channels=(64, 128)):
        super().__init__()
        self.discriminator = PlainDiscriminator(img_size, img_channels, hidden_channels)
        self.generator = PlainGenerator(latent_dim, img_size, img_channels, hidden_channels)
        for net in (self.generator, self.discriminator):
            by_apply(net)
        self.noise = torch.distributions.Normal(0.0, 1.0)
        self.z = latent_dim

    def sample(self, n):
        return self.generator(self.noise.sample((n, self.z)))


@variant("DCGAN")
class OnTheDevice(solutions.DCGAN):
    def sample(self, n):
        device = next(self.parameters()).device
        return self.generator(torch.empty(n, self.latent_dim, device=device).normal_())


# Steps of training


@variant("training_step_discriminator")
def by_labels(discriminator, optimizer, real, fake):
    optimizer.zero_grad()
    bce = nn.BCEWithLogitsLoss()
    fake = fake.detach()
    loss_real = bce(discriminator(real), torch.ones(len(real), dtype=real.dtype))
    loss_fake = bce(discriminator(fake), torch.zeros(len(fake), dtype=real.dtype))
    (loss_real + loss_fake).backward()
    optimizer.step()
    return loss_real + loss_fake


@variant("training_step_discriminator")
def in_two_parts(discriminator, optimizer, real, fake):
    for p in discriminator.parameters():
        p.grad = None
    loss_fake = -F.logsigmoid(-discriminator(fake.clone().detach())).mean()
    loss_fake.backward()
    loss_real = -F.logsigmoid(discriminator(real)).mean()
    loss_real.backward()
    optimizer.step()
    return (loss_fake + loss_real).detach()


@variant("training_step_discriminator")
def by_autograd(discriminator, optimizer, real, fake):
    zero = torch.zeros((), dtype=real.dtype)
    loss = torch.logaddexp(zero, -discriminator(real)).mean() + torch.logaddexp(zero, discriminator(fake.data)).mean()
    parameters = list(discriminator.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.grad = g
    optimizer.step()
    return loss.item()


@variant("training_step_generator")
def by_cross_entropy(discriminator, optimizer, fake):
    optimizer.zero_grad(set_to_none=False)
    score = discriminator(fake)
    loss = F.binary_cross_entropy_with_logits(score, torch.ones_like(score))
    loss.backward()
    optimizer.step()
    return loss


@variant("training_step_generator")
def frozen_meanwhile(discriminator, optimizer, fake):
    asked = [(p, p.requires_grad) for p in discriminator.parameters()]
    discriminator.requires_grad_(False)
    loss = -F.logsigmoid(discriminator(fake)).mean()
    for p, was in asked:
        p.requires_grad_(was)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@variant("training_step_generator")
def clean_behind(discriminator, optimizer, fake):
    loss = torch.mean(F.softplus(torch.neg(discriminator(fake))))
    optimizer.zero_grad()
    discriminator.zero_grad()
    loss.backward()
    discriminator.zero_grad()
    optimizer.step()
    return loss.detach().numpy().item()


# The whole training


@variant("train_gan")
def by_a_loader(args, look=None):
    torch.manual_seed(args.seed)
    gan = solutions.DCGAN(args.latent_dim, args.images.shape[2], args.images.shape[1], args.hidden_channels)
    d, g = gan.discriminator, gan.generator
    optim_g = torch.optim.Adam(g.parameters(), lr=args.lr, betas=args.betas)
    optim_d = torch.optim.Adam(d.parameters(), lr=args.lr, betas=args.betas)
    loader = torch.utils.data.DataLoader(args.images, args.batch_size, shuffle=True)
    losses = []
    for epoch in range(args.epochs):
        d.train()
        g.train()
        for real in loader:
            fake = gan.sample(real.shape[0])
            losses += [(by_labels(d, optim_d, real, fake).item(), by_cross_entropy(d, optim_g, fake).item())]
        if look:
            look(epoch + 1, gan)
    return gan, losses


@variant("train_gan")
def without_the_steps(args, look=None):
    torch.manual_seed(args.seed)
    gan = PlainDCGAN(args.latent_dim, args.images.size(-1), args.images.size(1), args.hidden_channels)
    optimizers = [torch.optim.Adam(net.parameters(), args.lr, args.betas) for net in (gan.discriminator, gan.generator)]
    history = []
    for epoch in range(1, args.epochs + 1):
        order = torch.randperm(args.images.shape[0])
        for start in range(0, len(order), args.batch_size):
            gan.train()
            real = args.images[order[start : start + args.batch_size]]
            fake = gan.generator(torch.randn(len(real), args.latent_dim))
            pair = []
            for k, optimizer in enumerate(optimizers):
                if k == 0:
                    loss = (
                        F.softplus(gan.discriminator(fake.detach())).mean()
                        + F.softplus(-gan.discriminator(real)).mean()
                    )
                else:
                    loss = F.softplus(-gan.discriminator(fake)).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                pair.append(loss.item())
            history.append(tuple(pair))
        if look:
            look(epoch, gan)
    return gan, history


# The report


@variant("judge_samples")
def by_comparing(classes, probs, n_classes=10, at_least=0.02):
    shares = (classes[:, None] == torch.arange(n_classes)).double().mean(dim=0)
    return (shares >= at_least).sum().item(), float(probs.mean())


@variant("judge_samples")
def by_counting(classes, probs, n_classes=10, at_least=0.02):
    labels = classes.tolist()
    found = sum(1 for c in range(n_classes) if labels.count(c) >= at_least * len(labels))
    return found, sum(probs.tolist()) / len(probs)


@variant("judge_samples")
def by_numpy(classes, probs, n_classes=10, at_least=0.02):
    counts = np.bincount(classes.numpy(), minlength=n_classes)
    return int(np.sum(counts / counts.sum() >= at_least)), float(np.mean(probs.numpy()))
