"""The wrong answers of day 5's first lesson, each explained in a sentence."""

import math
from typing import Any

import torch
from part2_resnets.solutions import predict
from torch import nn
from torch.distributions import Normal
from torch.utils.data import DataLoader

from coach import mistake
from part5_vaes import solutions

# Compression


def projected(train, held_out, k, *, mean=None, back=None, directions=None):
    """PCA with a choice of means and directions."""
    mean = train.mean(dim=0) if mean is None else mean
    back = mean if back is None else back
    V = torch.linalg.svd(train - train.mean(dim=0), full_matrices=False).Vh[:k] if directions is None else directions
    return back + (held_out - mean) @ V.T @ V


@mistake(
    "pca_reconstruct",
    zh="减的、加的都是 `held_out` 的均值：均值只能从 `train` 来。",
    en="The mean is that of `held_out`: it must come from `train` only.",
)
def mean_of_held_out(train, held_out, k):
    return projected(train, held_out, k, mean=held_out.mean(dim=0))


@mistake(
    "pca_reconstruct",
    zh="方向是从 `held_out` 求的：它们只能从 `train` 来。",
    en="The directions are those of `held_out`: they must come from `train` only.",
)
def directions_of_held_out(train, held_out, k):
    V = torch.linalg.svd(held_out - held_out.mean(dim=0), full_matrices=False).Vh[:k]
    return projected(train, held_out, k, directions=V)


@mistake(
    "pca_reconstruct",
    zh="均值和方向都来自 `held_out`，`train` 没有用上。",
    en="Mean and directions both come from `held_out`, and `train` isn't used.",
)
def all_of_held_out(train, held_out, k):
    return projected(held_out, held_out, k)


@mistake(
    "pca_reconstruct",
    zh="没有减去均值：方向和编码都从原点算起。",
    en="The mean is never subtracted: directions and codes are taken from the origin.",
)
def never_centred(train, held_out, k):
    V = torch.linalg.svd(train, full_matrices=False).Vh[:k]
    return held_out @ V.T @ V


@mistake(
    "pca_reconstruct",
    zh="求方向时没有从 `train` 里减去均值。",
    en="The mean isn't subtracted from `train` where the directions are computed.",
)
def directions_uncentred(train, held_out, k):
    return projected(train, held_out, k, directions=torch.linalg.svd(train, full_matrices=False).Vh[:k])


@mistake(
    "pca_reconstruct",
    zh="没有把均值加回来。",
    en="The mean isn't added back.",
)
def mean_not_added(train, held_out, k):
    return projected(train, held_out, k, back=0)


@mistake(
    "pca_reconstruct",
    zh="编码之前没有从 `held_out` 里减去均值，后来却加上了它。",
    en="The mean is added at the end without being subtracted from `held_out` before.",
)
def mean_only_added(train, held_out, k):
    return projected(train, held_out, k, mean=0, back=train.mean(dim=0))


@mistake(
    "pca_reconstruct",
    zh="留下的是变化*最小*的 `k` 个方向。",
    en="The `k` directions kept are those of the *least* change.",
)
def smallest_directions(train, held_out, k):
    V = torch.linalg.svd(train - train.mean(dim=0), full_matrices=True).Vh
    return projected(train, held_out, k, directions=V[len(V) - k :])


@mistake(
    "pca_reconstruct",
    zh="取的是 $V^\\top$ 的前 `k` *列*：方向是它的行。",
    en="It takes the first `k` *columns* of $V^\\top$: the directions are its rows.",
)
def columns_for_rows(train, held_out, k):
    V = torch.linalg.svd(train - train.mean(dim=0), full_matrices=True).Vh
    return projected(train, held_out, k, directions=V[:, :k].T)


@mistake(
    "pca_reconstruct",
    zh="多留了一个方向：应是 `k` 个，不是 `k + 1` 个。",
    en="One direction too many is kept: there should be `k`, not `k + 1`.",
)
def one_too_many(train, held_out, k):
    return projected(train, held_out, k + 1)


@mistake(
    "pca_reconstruct",
    zh="每列先除以标准差，又没有乘回来：这里只减均值，不缩放。",
    en="Each column is divided by its standard deviation, and never multiplied back: subtract the mean, and don't rescale.",
)
def standardised(train, held_out, k):
    mean, std = train.mean(dim=0), train.std(dim=0) + 1e-6
    return mean + projected((train - mean) / std, (held_out - mean) / std, k)


@mistake(
    "pca_reconstruct",
    zh="每列先除以标准差再求方向：变化大的像素因此不再算得多。",
    en="Each column is divided by its standard deviation before the directions are computed, so pixels that vary more no longer count more.",
)
def scaled_and_back(train, held_out, k):
    mean, std = train.mean(dim=0), train.std(dim=0) + 1e-6
    return mean + std * projected((train - mean) / std, (held_out - mean) / std, k)


@mistake(
    "pca_reconstruct",
    zh="压缩的是 `train` 的行：要重建的是 `held_out`。",
    en="It is the rows of `train` that are reconstructed: those of `held_out` are wanted.",
)
def reconstructs_train(train, held_out, k):
    return projected(train, train, k)


@mistake(
    "pca_reconstruct",
    zh="返回的是 `k` 个数的编码：还要乘方向，画回像素。",
    en="The codes of `k` numbers come back: multiply by the directions to return to pixels.",
)
def codes_only(train, held_out, k):
    mean = train.mean(dim=0)
    return (held_out - mean) @ torch.linalg.svd(train - mean, full_matrices=False).Vh[:k].T


class Net(nn.Module):
    """An autoencoder, variational or not, with a choice of faults."""

    doubled = 1
    bias = True
    between: Any = nn.ReLU
    behind_code: Any = nn.Identity
    behind_picture: Any = nn.Identity
    shape: Any = None

    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__()
        numbers, pixels = self.doubled * latent_dim_size, size**2
        first = nn.Linear(pixels, hidden_dim_size, bias=self.bias)
        second = nn.Linear(hidden_dim_size, numbers, bias=self.bias)
        self.encoder = nn.Sequential(nn.Flatten(), first, self.between(), second, self.behind_code())
        third = nn.Linear(latent_dim_size, hidden_dim_size, bias=self.bias)
        fourth = nn.Linear(hidden_dim_size, pixels, bias=self.bias)
        back = nn.Unflatten(1, self.shape or (1, size, size))
        self.decoder = nn.Sequential(third, self.between(), fourth, self.behind_picture(), back)

    def forward(self, images):
        return self.decoder(self.encoder(images))


@mistake(
    "Autoencoder",
    zh="输出上多了一个 ReLU：最后不加激活函数。",
    en="There is a ReLU on the output: no activation at the end.",
)
class ReluOnPicture(Net):
    behind_picture = nn.ReLU


@mistake(
    "Autoencoder",
    zh="输出上多了一个 sigmoid：最后不加激活函数。",
    en="There is a sigmoid on the output: no activation at the end.",
)
class SigmoidOnPicture(Net):
    behind_picture = nn.Sigmoid


@mistake(
    "Autoencoder",
    zh="编码上多了一个 ReLU：编码可正可负。",
    en="There is a ReLU on the code: a code may have either sign.",
)
class ReluOnCode(Net):
    behind_code = nn.ReLU


@mistake(
    "Autoencoder",
    zh="两个线性层之间没有 ReLU：那样它不会比 PCA 强。",
    en="There is no ReLU between linear layers: without one it can't be better than PCA.",
)
class NoRelu(Net):
    between = nn.Identity


@mistake(
    "Autoencoder",
    zh="层与层之间用的是 tanh，不是 ReLU。",
    en="Between the layers there is tanh, and not ReLU.",
)
class TanhBetween(Net):
    between = nn.Tanh


@mistake(
    "Autoencoder",
    zh="线性层没有偏置。",
    en="The linear layers have no biases.",
)
class NoBias(Net):
    bias = False


@mistake(
    "Autoencoder",
    zh="解码器给出 `batch pixels`：没有变回 `1 size size` 的图。",
    en="The decoder gives `batch pixels`: it isn't turned back into pictures of `1 size size`.",
)
class StaysFlat(Net):
    shape = (-1,)

    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.decoder[-1] = nn.Identity()


@mistake(
    "Autoencoder",
    zh="图少了通道那个轴：形状应是 `batch 1 size size`。",
    en="The pictures lack the axis of their channel: they should be `batch 1 size size`.",
)
class NoChannel(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.decoder[-1] = nn.Unflatten(1, (size, size))


@mistake(
    "Autoencoder",
    zh="`size` 没有用上，总是 8×8。",
    en="`size` isn't used: pictures are always taken for 8×8.",
)
class AlwaysEight(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size)


@mistake(
    "Autoencoder",
    zh="`latent_dim_size` 和 `hidden_dim_size` 颠倒了。",
    en="`latent_dim_size` and `hidden_dim_size` have changed places.",
)
class SizesSwapped(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(hidden_dim_size, latent_dim_size, size)


@mistake(
    "Autoencoder",
    zh="画出来的图，行和列颠倒了。",
    en="Rows and columns of the drawn picture have changed places.",
)
class Transposed(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.decoder.append(Turned())


class Turned(nn.Module):
    def forward(self, x):
        return x.transpose(2, 3)


@mistake(
    "Autoencoder",
    zh="`forward` 返回的是编码：还要解码。",
    en="`forward` returns the code: it should be decoded, too.",
)
class EncodesOnly(Net):
    def forward(self, images):
        return self.encoder(images)


@mistake(
    "Autoencoder",
    zh="先登记的是解码器：编码器在先。",
    en="The decoder is registered first: the encoder comes first.",
)
class DecoderFirst(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.encoder = self._modules.pop("encoder")  # goes to the end


@mistake(
    "Autoencoder",
    zh="编码器只有一个线性层：要经过 `hidden_dim_size`。",
    en="The encoder is a single linear layer: it should pass through `hidden_dim_size`.",
)
class OneLayerEncoder(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(size**2, latent_dim_size))


# Training


def error_of(images, reconstructions):
    return solutions.squared_error(images, reconstructions).mean()


def price_of(mu, logsigma):
    return ((mu.square() + (2 * logsigma).exp() - 1) / 2 - logsigma).sum(dim=1).mean()


def trained(
    args,
    variational,
    *,
    error=error_of,
    price=price_of,
    loss=lambda args, error, price: error + args.kl_weight * price,
    kept=lambda args, error, price: (error, price),
    optimizer=lambda args, model: torch.optim.Adam(model.parameters(), lr=args.lr),
    loader=lambda args: DataLoader(args.train_set, args.batch_size, shuffle=True),
    zero=True,
    after=False,
    seeded=True,
    epochs=lambda args: args.epochs,
    told=lambda args, model, place: args.on_epoch(model) if args.on_epoch and place == "epoch" else None,
    result=lambda model, history: (model, history),
):
    """Both trainings, with a choice of faults."""
    if seeded:
        torch.manual_seed(args.seed)
    model = args.make_model()
    batches, steps, history = loader(args), optimizer(args, model), []

    def terms(images):
        output = model(images)
        reconstructions, *cloud = output if variational else (output,)
        return error(images, reconstructions), price(*cloud) if variational else torch.zeros(())

    for _ in range(epochs(args)):
        told(args, model, "before")
        for images, _ in batches:
            values = terms(images)
            if zero:
                steps.zero_grad()
            (loss(args, *values) if variational else values[0]).backward()
            steps.step()
            values = terms(images) if after else values
            noted = kept(args, *(value.item() for value in values))
            history.append(noted if variational else noted[0])
            told(args, model, "batch")
        told(args, model, "epoch")
    told(args, model, "end")
    return result(model, history)


def of_training(name, zh, en, **faults):
    """Registers the fault for both trainings."""
    for exercise, variational in (("train_autoencoder", False), ("train_vae", True)):

        def train(args, variational=variational):
            return trained(args, variational, **faults)

        train.__name__ = train.__qualname__ = f"{name}_{'vae' if variational else 'autoencoder'}"
        mistake(exercise, zh=zh, en=en)(train)


of_training(
    "averages_pixels",
    "误差对像素求了平均：应当求和，只对图求平均。",
    "The error is averaged over pixels: sum over them, and average over pictures only.",
    error=lambda images, drawn: (images - drawn).square().mean(),
)
of_training(
    "sums_batch",
    "误差对这一批的图求了和：应当求平均。",
    "The error is summed over the batch's pictures: average over them.",
    error=lambda images, drawn: (images - drawn).square().sum(),
)
of_training(
    "half_error",
    "误差多乘了 1/2。",
    "The error is multiplied by 1/2.",
    error=lambda images, drawn: error_of(images, drawn) / 2,
)
of_training(
    "absolute_error",
    "误差用了绝对值，不是平方。",
    "The error takes absolute values, and not squares.",
    error=lambda images, drawn: (images - drawn).abs().flatten(1).sum(dim=1).mean(),
)
of_training(
    "root_of_error",
    "误差多开了一次方：不要开方。",
    "A root is taken of each picture's error: take none.",
    error=lambda images, drawn: solutions.squared_error(images, drawn).sqrt().mean(),
)
of_training(
    "keeps_gradients",
    "没有 `zero_grad`：梯度一步步累加起来。",
    "There is no `zero_grad`: gradients add up from step to step.",
    zero=False,
)
of_training(
    "by_sgd",
    "优化器是 SGD：这里要 Adam。",
    "The optimiser is SGD: Adam is wanted here.",
    optimizer=lambda args, model: torch.optim.SGD(model.parameters(), lr=args.lr),
)
of_training(
    "default_rate",
    "学习率没有用 `args.lr`，而是 Adam 的默认值 0.001。",
    "The learning rate isn't `args.lr`, but Adam's default, 0.001.",
    optimizer=lambda args, model: torch.optim.Adam(model.parameters()),
)
of_training(
    "unshuffled",
    "没有打乱顺序。",
    "The order isn't shuffled.",
    loader=lambda args: DataLoader(args.train_set, args.batch_size),
)
of_training(
    "drops_last",
    "最后不满的一批被丢掉了。",
    "The last smaller batch is dropped.",
    loader=lambda args: DataLoader(
        args.train_set, min(args.batch_size, len(args.train_set)), shuffle=True, drop_last=True
    ),
)
of_training(
    "after_the_step",
    "记下的是更新*之后*的损失：要更新之前的，模型每批只调用一次。",
    "The loss is noted *after* the step: it should be that before it, with one call of the model for each batch.",
    after=True,
)
of_training(
    "unseeded",
    "没有 `torch.manual_seed(args.seed)`：同样的 `args`，结果却不同。",
    "`torch.manual_seed(args.seed)` is missing: the same `args` give different results.",
    seeded=False,
)
of_training(
    "one_epoch",
    "只训练了一轮：要 `args.epochs` 轮。",
    "It trains for one epoch only: `args.epochs` are wanted.",
    epochs=lambda args: 1,
)
of_training(
    "never_tells",
    "`args.on_epoch` 从来没有被调用。",
    "`args.on_epoch` is never called.",
    told=lambda args, model, place: None,
)
of_training(
    "tells_each_batch",
    "`args.on_epoch` 每一批都被调用：每一轮之后一次。",
    "`args.on_epoch` is called for each batch: call it once after each epoch.",
    told=lambda args, model, place: args.on_epoch(model) if args.on_epoch and place == "batch" else None,
)
of_training(
    "tells_before",
    "`args.on_epoch` 在每一轮*之前*被调用：要在之后。",
    "`args.on_epoch` is called *before* each epoch: it should be after it.",
    told=lambda args, model, place: args.on_epoch(model) if args.on_epoch and place == "before" else None,
)
of_training(
    "tells_at_the_end",
    "`args.on_epoch` 只在全部训练结束后调用了一次。",
    "`args.on_epoch` is called only once, after all the training.",
    told=lambda args, model, place: args.on_epoch(model) if args.on_epoch and place == "end" else None,
)
of_training(
    "always_tells",
    "没有先看 `args.on_epoch` 是不是 `None`，就调用了它。",
    "`args.on_epoch` is called without asking whether it is `None`.",
    told=lambda args, model, place: args.on_epoch(model) if place == "epoch" else None,
)
of_training(
    "history_first",
    "返回的顺序反了：模型在先。",
    "The two results have changed places: the model comes first.",
    result=lambda model, history: (history, model),
)


@mistake(
    "train_vae",
    zh="价钱没有算进损失：只减小了误差。",
    en="The price isn't part of the loss: only the error is reduced.",
)
def no_price(args):
    return trained(args, True, loss=lambda args, error, price: error)


@mistake(
    "train_vae",
    zh="`args.kl_weight` 没有用上：价钱总是按 1 倍算。",
    en="`args.kl_weight` isn't used: the price always counts once.",
)
def unweighted(args):
    return trained(args, True, loss=lambda args, error, price: error + price)


@mistake(
    "train_vae",
    zh="`args.kl_weight` 乘在了误差上，不是价钱上。",
    en="`args.kl_weight` multiplies the error, and not the price.",
)
def weights_the_error(args):
    return trained(args, True, loss=lambda args, error, price: args.kl_weight * error + price)


@mistake(
    "train_vae",
    zh="价钱是*减*去的：训练会让它越来越大。",
    en="The price is *subtracted*: training makes it as large as it can.",
)
def price_subtracted(args):
    return trained(args, True, loss=lambda args, error, price: error - args.kl_weight * price)


@mistake(
    "train_vae",
    zh="记下的价钱乘了 `kl_weight`：要没有乘过的。",
    en="The price that is noted was multiplied by `kl_weight`: note it without.",
)
def notes_weighted(args):
    return trained(args, True, kept=lambda args, error, price: (error, args.kl_weight * price))


@mistake(
    "train_vae",
    zh="每一步记下的两个数颠倒了：先误差，后价钱。",
    en="The two numbers of each step have changed places: the error comes first.",
)
def price_first(args):
    return trained(args, True, kept=lambda args, error, price: (price, error))


@mistake(
    "train_vae",
    zh="每一步只记下了两项之和：要一对数。",
    en="Only the sum of both terms is noted for each step: a pair is wanted.",
)
def notes_the_sum(args):
    return trained(args, True, kept=lambda args, error, price: error + args.kl_weight * price)


@mistake(
    "train_vae",
    zh="价钱对潜变量求了平均：应当求和。",
    en="The price is averaged over latent variables: sum over them.",
)
def averages_latents(args):
    return trained(args, True, price=lambda mu, logsigma: price_of(mu, logsigma) / mu.shape[1])


# The map


def grid(latent_dim_size, limits, n_points, dims, *, right=1, up=1, swap=False, ends=True, rest=0.0):
    """A grid with a choice of directions."""
    low, high = limits
    steps = torch.linspace(low, high, n_points)
    if not ends:
        steps = low + (high - low) * torch.arange(n_points) / n_points
    codes = torch.full((n_points, n_points, latent_dim_size), rest)
    x, y = steps[::right] if right > 0 else steps.flip(0), steps.flip(0) if up > 0 else steps
    codes[..., dims[0]], codes[..., dims[1]] = (x[:, None], y) if swap else (x, y[:, None])
    return codes.flatten(0, 1)


@mistake(
    "create_grid_of_latents",
    zh="从上到下 `dims[1]` 在变大：应当变小，大的在上边。",
    en="Downwards `dims[1]` grows: it should fall, so that large is up.",
)
def upside_down(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims, up=-1)


@mistake(
    "create_grid_of_latents",
    zh="从左到右 `dims[0]` 在变小：应当变大。",
    en="To the right `dims[0]` falls: it should grow.",
)
def mirrored(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims, right=-1)


@mistake(
    "create_grid_of_latents",
    zh="两个方向都反了。",
    en="Both directions are reversed.",
)
def both_reversed(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims, right=-1, up=-1)


@mistake(
    "create_grid_of_latents",
    zh="一行之内变的是 `dims[1]`：从左到右应当变 `dims[0]`。",
    en="Within a row it is `dims[1]` that changes: to the right it should be `dims[0]`.",
)
def column_by_column(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims, swap=True)


@mistake(
    "create_grid_of_latents",
    zh="`dims` 的两个轴颠倒了，方向也跟着错。",
    en="The two axes in `dims` have changed places.",
)
def axes_swapped(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims[::-1])


@mistake(
    "create_grid_of_latents",
    zh="`dims` 没有用上：总是第 0 和第 1 个。",
    en="`dims` isn't used: it is always the first two.",
)
def first_two(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, (0, 1))


@mistake(
    "create_grid_of_latents",
    zh="`interpolation_range` 没有用上：总是从 -2 到 2。",
    en="`interpolation_range` isn't used: it is always from -2 to 2.",
)
def always_two(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, (-2, 2), n_points, dims)


@mistake(
    "create_grid_of_latents",
    zh="缺少大的那一端：两端都要。",
    en="The upper end is missing: both ends are wanted.",
)
def without_the_end(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims, ends=False)


@mistake(
    "create_grid_of_latents",
    zh="其余的潜变量是随机的：它们应当是 0。",
    en="The other latent variables are random: they should be 0.",
)
def others_random(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    codes = torch.randn(n_points**2, latent_dim_size, generator=torch.Generator().manual_seed(0))
    known = grid(latent_dim_size, interpolation_range, n_points, dims)
    codes[:, list(dims)] = known[:, list(dims)]
    return codes


@mistake(
    "create_grid_of_latents",
    zh="其余的潜变量是 1：它们应当是 0。",
    en="The other latent variables are 1: they should be 0.",
)
def others_one(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims, rest=1.0)


@mistake(
    "create_grid_of_latents",
    zh="结果有三个轴：行和列要合成一个。",
    en="The result has three axes: rows and columns should be one.",
)
def three_axes(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    codes = grid(latent_dim_size, interpolation_range, n_points, dims)
    return codes.reshape(n_points, n_points, latent_dim_size)


@mistake(
    "create_grid_of_latents",
    zh="每个编码只有两个数：应有 `latent_dim_size` 个。",
    en="Each code has two numbers only: there should be `latent_dim_size`.",
)
def two_numbers(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims)[:, list(dims)]


@mistake(
    "create_grid_of_latents",
    zh="只有对角线上的 `n_points` 个编码：每一对值都要。",
    en="Only the `n_points` codes of a diagonal come back: every pair of values is wanted.",
)
def a_diagonal(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    codes = torch.zeros(n_points, latent_dim_size)
    codes[:, dims[0]] = torch.linspace(interpolation_range[0], interpolation_range[1], n_points)
    codes[:, dims[1]] = codes[:, dims[0]].flip(0)
    return codes


# Clouds


@mistake(
    "sample_latent_vector",
    zh="没有噪声：返回的就是 $\\mu$。",
    en="There is no noise: what comes back is $\\mu$.",
)
def just_the_mean(mu, logsigma):
    return mu + 0 * logsigma


@mistake(
    "sample_latent_vector",
    zh="噪声乘的是 $\\log \\sigma$：先取指数，得到 $\\sigma$。",
    en="The noise is multiplied by $\\log \\sigma$: take the exponential first, to get $\\sigma$.",
)
def by_logsigma(mu, logsigma):
    return mu + logsigma * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="把 $\\log \\sigma$ 当成了 $\\log \\sigma^2$：$\\sigma$ 取了平方根。",
    en="It takes $\\log \\sigma$ for $\\log \\sigma^2$: the noise is multiplied by the root of $\\sigma$.",
)
def by_the_root(mu, logsigma):
    return mu + (logsigma / 2).exp() * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="噪声乘的是 $\\sigma^2$：应当乘 $\\sigma$。",
    en="The noise is multiplied by $\\sigma^2$: it should be $\\sigma$.",
)
def by_the_variance(mu, logsigma):
    return mu + (2 * logsigma).exp() * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="`torch.normal(mu, sigma)` 不传梯度：把噪声与参数分开，写成 $\\mu + \\sigma \\epsilon$。",
    en="`torch.normal(mu, sigma)` passes on no gradient: separate the noise from the parameters, as $\\mu + \\sigma \\epsilon$.",
)
def by_torch_normal(mu, logsigma):
    return torch.normal(mu, logsigma.exp())


@mistake(
    "sample_latent_vector",
    zh="结果与两个参数断开了（例如 `Normal.sample` 或 `no_grad`）：没有梯度。",
    en="The result is cut off from both parameters, as by `Normal.sample` or `no_grad`: there is no gradient.",
)
def cut_off(mu, logsigma):
    return Normal(mu, logsigma.exp()).sample()


@mistake(
    "sample_latent_vector",
    zh="$\\sigma$ 被断开了：梯度到不了 `logsigma`。",
    en="$\\sigma$ is cut off: no gradient reaches `logsigma`.",
)
def sigma_cut_off(mu, logsigma):
    return mu + logsigma.detach().exp() * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="$\\mu$ 被断开了：梯度到不了 `mu`。",
    en="$\\mu$ is cut off: no gradient reaches `mu`.",
)
def mean_cut_off(mu, logsigma):
    return mu.detach() + logsigma.exp() * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="噪声在 0 与 1 之间均匀分布：应是标准正态。",
    en="The noise is uniform between 0 and 1: it should be standard normal.",
)
def uniform_noise(mu, logsigma):
    return mu + logsigma.exp() * torch.rand_like(mu)


@mistake(
    "sample_latent_vector",
    zh="噪声是均匀分布的，均值和标准差虽对，形状不对：应是标准正态。",
    en="The noise is uniform; its mean and standard deviation are right and its shape isn't: it should be standard normal.",
)
def uniform_of_std_one(mu, logsigma):
    return mu + logsigma.exp() * (2 * torch.rand_like(mu) - 1) * math.sqrt(3)


@mistake(
    "sample_latent_vector",
    zh="整个批共用一个噪声：每个元素各抽一个。",
    en="All entries share one draw of the noise: each should have its own.",
)
def one_noise(mu, logsigma):
    return mu + logsigma.exp() * torch.randn((), dtype=mu.dtype)


@mistake(
    "sample_latent_vector",
    zh="一行里的各个潜变量共用一个噪声：每个元素各抽一个。",
    en="The latent variables of a row share one draw of the noise: each entry should have its own.",
)
def one_noise_a_row(mu, logsigma):
    shape = (*mu.shape[:-1], 1) if mu.ndim else ()
    return mu + logsigma.exp() * torch.randn(shape, dtype=mu.dtype, device=mu.device)


@mistake(
    "sample_latent_vector",
    zh="所有的行共用一行噪声：每个元素各抽一个。",
    en="All rows share one row of noise: each entry should have its own.",
)
def one_noise_a_column(mu, logsigma):
    return mu + logsigma.exp() * torch.randn(mu.shape[1:], dtype=mu.dtype, device=mu.device)


@mistake(
    "sample_latent_vector",
    zh="每次调用的噪声都一样（函数里设了种子）：要重新抽。",
    en="Each call draws the same noise (a seed is set inside): draw afresh.",
)
def seeded_inside(mu, logsigma):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return mu + logsigma.exp() * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="噪声取自另外的发生器：`torch.manual_seed` 管不到它，结果不能重复。",
    en="The noise comes from a generator of its own: `torch.manual_seed` doesn't reach it, and results can't be repeated.",
)
def other_generator(mu, logsigma):
    generator = torch.Generator()
    generator.seed()
    return mu + logsigma.exp() * torch.randn(mu.shape, generator=generator, dtype=mu.dtype, device=mu.device)


@mistake(
    "sample_latent_vector",
    zh="噪声总在 CPU 上：`mu` 在 GPU 上时就会报错；照着 `mu` 的设备造。",
    en="The noise is always made on the CPU, and fails where `mu` is on a GPU: make it on the device of `mu`.",
)
def always_on_the_cpu(mu, logsigma):
    return mu + logsigma.exp() * torch.randn(mu.shape, dtype=mu.dtype)


@mistake(
    "sample_latent_vector",
    zh="结果总是 float32：类型应与 `mu` 相同。",
    en="The result is always float32: it should have the dtype of `mu`.",
)
def always_float32(mu, logsigma):
    return (mu + logsigma.exp() * torch.randn_like(mu)).float()


@mistake(
    "sample_latent_vector",
    zh="$\\mu$ 和 $\\log \\sigma$ 颠倒了。",
    en="$\\mu$ and $\\log \\sigma$ have changed places.",
)
def arguments_swapped(mu, logsigma):
    return logsigma + mu.exp() * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="抽的是标准正态，$\\mu$ 和 $\\sigma$ 都没有用上。",
    en="It draws from the standard normal: neither $\\mu$ nor $\\sigma$ is used.",
)
def from_the_prior(mu, logsigma):
    return torch.randn_like(mu) + 0 * (mu + logsigma)


def price(mu, logsigma, *, square=2.0, one=1.0, log=1.0, half=0.5):
    """The formula with a choice of faults."""
    return half * (mu.square() + (square * logsigma).exp() - one) - log * logsigma


@mistake(
    "kl_to_standard_normal",
    zh="用了 $\\sigma$：这里应是 $\\sigma^2 = e^{2 \\log \\sigma}$。",
    en="It uses $\\sigma$ where $\\sigma^2 = e^{2 \\log \\sigma}$ belongs.",
)
def sigma_unsquared(mu, logsigma):
    return price(mu, logsigma, square=1.0)


@mistake(
    "kl_to_standard_normal",
    zh="漏了 $-1$：在 $\\mu = 0$、$\\sigma = 1$ 处应是 0。",
    en="The $-1$ is missing: at $\\mu = 0$ and $\\sigma = 1$ it should be 0.",
)
def without_one(mu, logsigma):
    return price(mu, logsigma, one=0.0)


@mistake(
    "kl_to_standard_normal",
    zh="$\\log \\sigma$ 的符号反了：窄的云也要付钱。",
    en="The sign of $\\log \\sigma$ is wrong: a narrow cloud has to pay, too.",
)
def log_added(mu, logsigma):
    return price(mu, logsigma, log=-1.0)


@mistake(
    "kl_to_standard_normal",
    zh="$\\log \\sigma$ 也乘了 1/2：把 $\\log \\sigma$ 当成了 $\\log \\sigma^2$ 的那种公式，却又用了 $e^{2 \\log \\sigma}$。",
    en="$\\log \\sigma$ is halved as well, which belongs to the formula in $\\log \\sigma^2$.",
)
def log_halved(mu, logsigma):
    return price(mu, logsigma, log=0.5)


@mistake(
    "kl_to_standard_normal",
    zh="把收到的 $\\log \\sigma$ 当成了 $\\log \\sigma^2$。",
    en="It takes the $\\log \\sigma$ that comes in for $\\log \\sigma^2$.",
)
def takes_it_for_logvar(mu, logsigma):
    return price(mu, logsigma, square=1.0, log=0.5)


@mistake(
    "kl_to_standard_normal",
    zh="把收到的 $\\log \\sigma$ 当成了 $\\sigma$：先取指数。",
    en="It takes the $\\log \\sigma$ that comes in for $\\sigma$: take the exponential first.",
)
def takes_it_for_sigma(mu, logsigma):
    return (mu.square() + logsigma.square() - 1) / 2 - logsigma.abs().log()


@mistake(
    "kl_to_standard_normal",
    zh="没有乘 1/2。",
    en="The factor 1/2 is missing.",
)
def without_half(mu, logsigma):
    return price(mu, logsigma, half=1.0)


@mistake(
    "kl_to_standard_normal",
    zh="整个大了一倍：漏了 1/2。",
    en="All of it is twice too large: the factor 1/2 is missing.",
)
def twice_as_large(mu, logsigma):
    return 2 * price(mu, logsigma)


@mistake(
    "kl_to_standard_normal",
    zh="符号反了：这是 $-\\mathrm{KL}$。",
    en="Its sign is wrong: this is $-\\mathrm{KL}$.",
)
def negative(mu, logsigma):
    return -price(mu, logsigma)


@mistake(
    "kl_to_standard_normal",
    zh="方向反了：这是从标准正态到 $q$ 的 KL。",
    en="It goes the other way: this is the KL from the standard normal to $q$.",
)
def other_way(mu, logsigma):
    return ((1 + mu.square()) * (-2 * logsigma).exp() - 1) / 2 + logsigma


@mistake(
    "kl_to_standard_normal",
    zh="$\\mu$ 没有平方。",
    en="$\\mu$ isn't squared.",
)
def mean_unsquared(mu, logsigma):
    return (mu + (2 * logsigma).exp() - 1) / 2 - logsigma


@mistake(
    "kl_to_standard_normal",
    zh="漏了 $\\mu^2$：偏离中心也要付钱。",
    en="$\\mu^2$ is missing: being off centre has to be paid for, too.",
)
def without_mean(mu, logsigma):
    return price(0 * mu, logsigma)


@mistake(
    "kl_to_standard_normal",
    zh="已经对潜变量求和了：这里每个潜变量各留一个数。",
    en="It is summed over latent variables already: here each of them keeps its own number.",
)
def summed_over_latents(mu, logsigma):
    return price(mu, logsigma).sum(dim=1)


@mistake(
    "kl_to_standard_normal",
    zh="已经求了和与平均，只剩一个数：这里每个元素各留一个。",
    en="It is summed and averaged to one number already: here each entry keeps its own.",
)
def one_number(mu, logsigma):
    return price(mu, logsigma).sum(dim=1).mean()


@mistake(
    "kl_to_standard_normal",
    zh="结果与输入断开了：没有梯度。",
    en="The result is cut off from its inputs: there is no gradient.",
)
def price_cut_off(mu, logsigma):
    return price(mu, logsigma).detach()


@mistake(
    "kl_to_standard_normal",
    zh="用了 `torch.distributions`：这里要自己写公式。",
    en="It uses `torch.distributions`: here you write the formula yourself.",
)
def by_torchs_own(mu, logsigma):
    return torch.distributions.kl_divergence(Normal(mu, logsigma.exp()), Normal(0.0, 1.0))


def noise_for(mu, n):
    return torch.randn(n, *mu.shape, dtype=mu.dtype)


def sampled(mu, logsigma, n, *, epsilon=None, z=None, own=1.0, prior=1.0, log=1.0, total=None):
    """The estimate with a choice of faults."""
    epsilon = noise_for(mu, n) if epsilon is None else epsilon
    z = mu + logsigma.exp() * epsilon if z is None else z
    ratio = prior * z.square() / 2 - own * ((z - mu) / logsigma.exp()).square() / 2 - log * logsigma
    return ratio.mean(dim=0) if total is None else total(ratio)


@mistake(
    "kl_by_sampling",
    zh="$z$ 是从先验 $p$ 抽的：应当从 $q$ 抽。",
    en="$z$ is drawn from the prior $p$: draw it from $q$.",
)
def draws_from_the_prior(mu, logsigma, n):
    return sampled(mu, logsigma, n, z=noise_for(mu, n))


@mistake(
    "kl_by_sampling",
    zh="方向反了：这是从先验到 $q$ 的 KL。",
    en="It goes the other way: this is the KL from the prior to $q$.",
)
def sampled_other_way(mu, logsigma, n):
    return -sampled(mu, logsigma, n, z=noise_for(mu, n))


@mistake(
    "kl_by_sampling",
    zh="符号反了：是 $\\log q - \\log p$ 的平均。",
    en="Its sign is wrong: it is the average of $\\log q - \\log p$.",
)
def sampled_negative(mu, logsigma, n):
    return -sampled(mu, logsigma, n)


@mistake(
    "kl_by_sampling",
    zh="求了和：应当对 `n` 次抽样求平均。",
    en="It is summed: average over the `n` draws.",
)
def sampled_sum(mu, logsigma, n):
    return sampled(mu, logsigma, n, total=lambda ratio: ratio.sum(dim=0))


@mistake(
    "kl_by_sampling",
    zh="只抽了一次，`n` 没有用上。",
    en="It draws once only: `n` isn't used.",
)
def draws_once(mu, logsigma, n):
    return sampled(mu, logsigma, 1)


@mistake(
    "kl_by_sampling",
    zh="$q$ 的密度里漏了 $-\\log \\sigma$。",
    en="The $-\\log \\sigma$ is missing from the density of $q$.",
)
def density_without_sigma(mu, logsigma, n):
    return sampled(mu, logsigma, n, log=0.0)


@mistake(
    "kl_by_sampling",
    zh="漏了 $\\log p$：这只是 $\\log q$ 那部分。",
    en="$\\log p$ is missing: only the part of $\\log q$ is there.",
)
def without_the_prior(mu, logsigma, n):
    return sampled(mu, logsigma, n, prior=0.0)


@mistake(
    "kl_by_sampling",
    zh="漏了 $\\log p$：这是 $\\log q$ 的平均。",
    en="$\\log p$ is missing: this is the average of $\\log q$.",
)
def average_of_log_q(mu, logsigma, n):
    return sampled(mu, logsigma, n, prior=0.0) - math.log(math.tau) / 2


@mistake(
    "kl_by_sampling",
    zh="漏了 $\\log q$：这是 $-\\log p$ 的平均，即交叉熵。",
    en="$\\log q$ is missing: this is the average of $-\\log p$, a cross-entropy.",
)
def cross_entropy_only(mu, logsigma, n):
    return sampled(mu, logsigma, n, own=0.0, log=0.0) + math.log(math.tau) / 2


@mistake(
    "kl_by_sampling",
    zh="这是求完平均的 KL 公式：这里要抽样来估计。",
    en="This is the formula for the KL, already averaged: here it is to be estimated by drawing.",
)
def closed_form(mu, logsigma, n):
    return price(mu, logsigma)


@mistake(
    "kl_by_sampling",
    zh="把 $\\log \\sigma$ 当成了 $\\sigma$：先取指数。",
    en="It takes $\\log \\sigma$ for $\\sigma$: take the exponential first.",
)
def logsigma_for_sigma(mu, logsigma, n):
    sigma = logsigma.abs() + 1e-6
    return sampled(mu, sigma.log(), n)


@mistake(
    "kl_by_sampling",
    zh="所有元素共用同样的噪声：每个元素的抽样各自独立。",
    en="All entries share the same noise: each is to have draws of its own.",
)
def shared_noise(mu, logsigma, n):
    return sampled(mu, logsigma, n, epsilon=torch.randn(n, *[1] * mu.ndim, dtype=mu.dtype).expand(n, *mu.shape))


@mistake(
    "kl_by_sampling",
    zh="一行里的潜变量共用同样的噪声：每个元素的抽样各自独立。",
    en="The latent variables of a row share their noise: each entry is to have draws of its own.",
)
def noise_shared_in_rows(mu, logsigma, n):
    return sampled(mu, logsigma, n, epsilon=torch.randn(n, len(mu), 1, dtype=mu.dtype).expand(n, *mu.shape))


@mistake(
    "kl_by_sampling",
    zh="每次调用用的是同样的噪声（里面设了种子）：应当重新抽，否则多跑几次也平均不掉误差。",
    en="Each call uses the same noise (a seed is set inside): draw afresh, or no number of calls averages the error away.",
)
def sampling_seeded_inside(mu, logsigma, n):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return sampled(mu, logsigma, n)


@mistake(
    "kl_by_sampling",
    zh="把所有元素也一起平均了：每个元素各留一个数。",
    en="The entries are averaged as well: each keeps its own number.",
)
def averages_everything(mu, logsigma, n):
    return sampled(mu, logsigma, n).mean().expand(mu.shape)


@mistake(
    "kl_by_sampling",
    zh="抽出的每个比值都取了绝对值：单次的比值可以是负的，平均才不小于 0。",
    en="The absolute value of each ratio is taken: a single one may be negative, only the average is not below 0.",
)
def absolute_ratios(mu, logsigma, n):
    return sampled(mu, logsigma, n, total=lambda ratio: ratio.abs().mean(dim=0))


@mistake(
    "kl_by_sampling",
    zh="结果总是 float32。",
    en="The result is always float32.",
)
def sampled_in_float32(mu, logsigma, n):
    return sampled(mu, logsigma, n).float()


class VariationalNet(Net):
    """A VAE with a choice of faults."""

    doubled = 2

    def encode(self, images):
        mu, logsigma = self.encoder(images).chunk(2, dim=1)
        return mu, logsigma

    def draw(self, mu, logsigma):
        return mu + logsigma.exp() * torch.randn_like(mu)

    def forward(self, images):
        mu, logsigma = self.encode(images)
        return self.decoder(self.draw(mu, logsigma)), mu, logsigma


@mistake(
    "VAE",
    zh="两半颠倒了：前一半是 $\\mu$，后一半是 $\\log \\sigma$。",
    en="The halves have changed places: the first is $\\mu$, the second $\\log \\sigma$.",
)
class HalvesSwapped(VariationalNet):
    def encode(self, images):
        logsigma, mu = self.encoder(images).chunk(2, dim=1)
        return mu, logsigma


@mistake(
    "VAE",
    zh="$\\mu$ 和 $\\log \\sigma$ 取的是隔一个一个：应当是前一半和后一半。",
    en="$\\mu$ and $\\log \\sigma$ take every second number in turn: they should be the first and the second half.",
)
class HalvesInTurn(VariationalNet):
    def encode(self, images):
        both = self.encoder(images)
        return both[:, ::2], both[:, 1::2]


@mistake(
    "VAE",
    zh="解码的是 $\\mu$，没有抽样。",
    en="It is $\\mu$ that is decoded: nothing is drawn.",
)
class DecodesTheMean(VariationalNet):
    def draw(self, mu, logsigma):
        return mu


@mistake(
    "VAE",
    zh="`eval` 模式下没有抽样：两种模式都要抽。",
    en="In `eval` mode nothing is drawn: it should be in both modes.",
)
class DrawsInTrainOnly(VariationalNet):
    def draw(self, mu, logsigma):
        return super().draw(mu, logsigma) if self.training else mu


@mistake(
    "VAE",
    zh="整个批共用一份噪声：每张图各抽各的。",
    en="The whole batch shares its noise: each picture draws its own.",
)
class SharedDraw(VariationalNet):
    def draw(self, mu, logsigma):
        return mu + logsigma.exp() * torch.randn(mu.shape[1:], dtype=mu.dtype)


@mistake(
    "VAE",
    zh="噪声乘的是 $\\log \\sigma$：先取指数。",
    en="The noise is multiplied by $\\log \\sigma$: take the exponential first.",
)
class NoiseByLog(VariationalNet):
    def draw(self, mu, logsigma):
        return mu + logsigma * torch.randn_like(mu)


@mistake(
    "VAE",
    zh="抽样把梯度断开了（`torch.normal`、`sample`、`detach` 都会）：要用重参数化。",
    en="The draw cuts off the gradients, as `torch.normal`, `sample` and `detach` do: use the reparameterisation.",
)
class CutOff(VariationalNet):
    def draw(self, mu, logsigma):
        return super().draw(mu, logsigma).detach()


@mistake(
    "VAE",
    zh="抽样时 $\\sigma$ 被断开了：梯度到不了 $\\log \\sigma$。",
    en="$\\sigma$ is cut off in the draw: no gradient reaches $\\log \\sigma$.",
)
class SigmaCutOff(VariationalNet):
    def draw(self, mu, logsigma):
        return super().draw(mu, logsigma.detach())


@mistake(
    "VAE",
    zh="返回的是 $\\sigma$：要 $\\log \\sigma$。",
    en="It returns $\\sigma$: $\\log \\sigma$ is wanted.",
)
class ReturnsSigma(VariationalNet):
    def forward(self, images):
        drawn, mu, logsigma = super().forward(images)
        return drawn, mu, logsigma.exp()


@mistake(
    "VAE",
    zh="只返回了图：还要 `mu` 和 `logsigma`。",
    en="It returns the picture only: `mu` and `logsigma` are wanted, too.",
)
class PictureOnly(VariationalNet):
    def forward(self, images):
        return super().forward(images)[0]


@mistake(
    "VAE",
    zh="`mu` 和 `logsigma` 返回的顺序反了。",
    en="`mu` and `logsigma` come back in the wrong order.",
)
class OrderOfResults(VariationalNet):
    def forward(self, images):
        drawn, mu, logsigma = super().forward(images)
        return drawn, logsigma, mu


@mistake(
    "VAE",
    zh="返回的第二个结果是抽出的 $z$：要 $\\mu$。",
    en="The second thing returned is the $z$ that was drawn: $\\mu$ is wanted.",
)
class ReturnsTheDraw(VariationalNet):
    def forward(self, images):
        mu, logsigma = self.encode(images)
        z = self.draw(mu, logsigma)
        return self.decoder(z), z, logsigma


@mistake(
    "VAE",
    zh="`encode` 已经抽样了：它应当返回 $\\mu$ 和 $\\log \\sigma$ 本身。",
    en="`encode` draws already: it should return $\\mu$ and $\\log \\sigma$ themselves.",
)
class EncodeDraws(VariationalNet):
    def encode(self, images):
        mu, logsigma = super().encode(images)
        return self.draw(mu, logsigma), logsigma


@mistake(
    "VAE",
    zh="编码器只给出 `latent_dim_size` 个数：要两倍，一半是 $\\mu$，一半是 $\\log \\sigma$。",
    en="The encoder gives `latent_dim_size` numbers: twice as many are wanted, half for $\\mu$ and half for $\\log \\sigma$.",
)
class NotDoubled(VariationalNet):
    doubled = 1

    def encode(self, images):
        code = self.encoder(images)
        return code, torch.zeros_like(code)


@mistake(
    "VAE",
    zh="输出上多了一个 sigmoid：最后不加激活函数。",
    en="There is a sigmoid on the output: no activation at the end.",
)
class SigmoidOnDrawn(VariationalNet):
    behind_picture = nn.Sigmoid


@mistake(
    "VAE",
    zh="编码器的输出上多了一个 ReLU：$\\mu$ 和 $\\log \\sigma$ 都可正可负。",
    en="There is a ReLU on the encoder's output: $\\mu$ and $\\log \\sigma$ may have either sign.",
)
class ReluOnCloud(VariationalNet):
    behind_code = nn.ReLU


@mistake(
    "VAE",
    zh="`size` 没有用上，总是 8×8。",
    en="`size` isn't used: pictures are always taken for 8×8.",
)
class EightAlways(VariationalNet):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size)


# The loss


def both(images, reconstructions, mu, logsigma, *, error=None, over=None, gradients=True):
    off = (images - reconstructions).square()
    cost = price(mu, logsigma)
    return off.flatten(1).sum(dim=1).mean() if error is None else error(off), cost.sum(
        dim=1
    ).mean() if over is None else over(cost)


@mistake(
    "elbo_terms",
    zh="误差对像素求了平均：应当求和。",
    en="The error is averaged over pixels: sum over them.",
)
def pixels_averaged(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, error=lambda off: off.mean())


@mistake(
    "elbo_terms",
    zh="误差对这一批的图求了和：应当求平均。",
    en="The error is summed over the batch's pictures: average over them.",
)
def pictures_summed(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, error=lambda off: off.sum())


@mistake(
    "elbo_terms",
    zh="价钱对潜变量求了平均：应当求和。",
    en="The price is averaged over latent variables: sum over them.",
)
def latents_averaged(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, over=lambda cost: cost.mean())


@mistake(
    "elbo_terms",
    zh="价钱对这一批的图求了和：应当求平均。",
    en="The price is summed over the batch's pictures: average over them.",
)
def prices_summed(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, over=lambda cost: cost.sum())


@mistake(
    "elbo_terms",
    zh="两项都对批求了和：应当求平均。",
    en="Both terms are summed over the batch: average over it.",
)
def both_summed(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, error=lambda off: off.sum(), over=lambda cost: cost.sum())


@mistake(
    "elbo_terms",
    zh="两项都对所有元素求了平均：像素和潜变量要求和。",
    en="Both terms are averaged over all entries: sum over pixels and over latent variables.",
)
def both_averaged(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, error=lambda off: off.mean(), over=lambda cost: cost.mean())


@mistake(
    "elbo_terms",
    zh="价钱沿批求了和，沿潜变量求了平均：两个轴颠倒了。",
    en="The price is summed over the batch and averaged over latent variables: the axes have changed places.",
)
def axes_of_price(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, over=lambda cost: cost.sum(dim=0).mean())


@mistake(
    "elbo_terms",
    zh="每张图各返回一个数：要对批求平均。",
    en="There is a number for each picture: average over the batch.",
)
def not_averaged(images, reconstructions, mu, logsigma):
    return both(
        images,
        reconstructions,
        mu,
        logsigma,
        error=lambda off: off.flatten(1).sum(dim=1),
        over=lambda cost: cost.sum(dim=1),
    )


@mistake(
    "elbo_terms",
    zh="两项颠倒了：先误差，后价钱。",
    en="The two have changed places: the error comes first.",
)
def terms_swapped(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma)[::-1]


@mistake(
    "elbo_terms",
    zh="价钱的符号反了。",
    en="The sign of the price is wrong.",
)
def price_negative(images, reconstructions, mu, logsigma):
    error, cost = both(images, reconstructions, mu, logsigma)
    return error, -cost


@mistake(
    "elbo_terms",
    zh="误差多乘了 1/2：这里的 $\\beta$ 已经算进了它。",
    en="The error is multiplied by 1/2: here $\\beta$ accounts for that.",
)
def error_halved(images, reconstructions, mu, logsigma):
    error, cost = both(images, reconstructions, mu, logsigma)
    return error / 2, cost


@mistake(
    "elbo_terms",
    zh="误差用了绝对值，不是平方。",
    en="The error takes absolute values, and not squares.",
)
def error_absolute(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, error=lambda off: off.sqrt().flatten(1).sum(dim=1).mean())


@mistake(
    "elbo_terms",
    zh="误差多开了一次方。",
    en="A root is taken of each picture's error.",
)
def error_rooted(images, reconstructions, mu, logsigma):
    return both(images, reconstructions, mu, logsigma, error=lambda off: off.flatten(1).sum(dim=1).sqrt().mean())


@mistake(
    "elbo_terms",
    zh="返回的是 Python 数，与输入断开了：没有梯度。",
    en="Python numbers come back, cut off from the inputs: there is no gradient.",
)
def terms_cut_off(images, reconstructions, mu, logsigma):
    return tuple(term.detach() for term in both(images, reconstructions, mu, logsigma))


@mistake(
    "elbo_terms",
    zh="只返回了两项之和：要两个结果。",
    en="Only the sum of both comes back: two results are wanted.",
)
def only_the_sum(images, reconstructions, mu, logsigma):
    return sum(both(images, reconstructions, mu, logsigma))


# Judging


def judged_as(classifier, pictures, *, minlength=10, total=None, confidence=None, classes=None):
    found, probs = predict(classifier, pictures)
    found = found if classes is None else classes(found)
    counts = torch.bincount(found, minlength=minlength)
    return counts / (
        len(pictures) if total is None else total
    ), probs.mean().item() if confidence is None else confidence(probs)


@mistake(
    "judge_samples",
    zh="返回的是每类的张数：要除以总数。",
    en="It counts the pictures of each class: divide by their number.",
)
def counts_only(classifier, pictures):
    return judged_as(classifier, pictures, total=1)


@mistake(
    "judge_samples",
    zh="缺少没有出现的类：形状总是 10。",
    en="Classes that don't occur are missing: the shape is always 10.",
)
def classes_missing(classifier, pictures):
    return judged_as(classifier, pictures, minlength=0)


@mistake(
    "judge_samples",
    zh="除以了类数 10：应当除以图的张数。",
    en="It divides by 10, the number of classes: divide by the number of pictures.",
)
def divided_by_ten(classifier, pictures):
    return judged_as(classifier, pictures, total=10)


@mistake(
    "judge_samples",
    zh="把握取了最大的一个：要求平均。",
    en="The confidence is the largest of all: it should be the mean.",
)
def most_confident(classifier, pictures):
    return judged_as(classifier, pictures, confidence=lambda probs: probs.max().item())


@mistake(
    "judge_samples",
    zh="把握取了最小的一个：要求平均。",
    en="The confidence is the smallest of all: it should be the mean.",
)
def least_confident(classifier, pictures):
    return judged_as(classifier, pictures, confidence=lambda probs: probs.min().item())


@mistake(
    "judge_samples",
    zh="把握取了中位数：要求平均。",
    en="The confidence is a median: it should be the mean.",
)
def median_confidence(classifier, pictures):
    return judged_as(classifier, pictures, confidence=lambda probs: probs.median().item())


@mistake(
    "judge_samples",
    zh="把握求了和：要求平均。",
    en="The confidence is a sum: it should be the mean.",
)
def summed_confidence(classifier, pictures):
    return judged_as(classifier, pictures, confidence=lambda probs: probs.sum().item())


@mistake(
    "judge_samples",
    zh="每张图各返回一个把握：要求平均，得一个数。",
    en="There is a confidence for each picture: average them to one number.",
)
def confidences(classifier, pictures):
    return judged_as(classifier, pictures, confidence=lambda probs: probs)


@mistake(
    "judge_samples",
    zh="把握是一个张量：要一个 Python 数。",
    en="The confidence is a tensor: a Python number is wanted.",
)
def confidence_as_tensor(classifier, pictures):
    return judged_as(classifier, pictures, confidence=lambda probs: probs.mean())


@mistake(
    "judge_samples",
    zh="比例是概率的平均：要数每张图最可能的那一类。",
    en="The shares are mean probabilities: count the likeliest class of each picture.",
)
def mean_probabilities(classifier, pictures):
    training = classifier.training
    with torch.no_grad():
        probs = classifier.eval()(pictures).softmax(dim=1)
    classifier.train(training)
    return probs.mean(dim=0), probs.amax(dim=1).mean().item()


@mistake(
    "judge_samples",
    zh="把握取了最大的 logit：要先 softmax，得到概率。",
    en="The confidence is the largest logit: take softmax first, to get probabilities.",
)
def logits_for_probabilities(classifier, pictures):
    training = classifier.training
    with torch.no_grad():
        logits = classifier.eval()(pictures)
    classifier.train(training)
    return judged_as(classifier, pictures)[0], logits.amax(dim=1).mean().item()


@mistake(
    "judge_samples",
    zh="softmax 沿批归一化了：应当沿类别。",
    en="Softmax runs over the batch: it should run over the classes.",
)
def softmax_over_batch(classifier, pictures):
    training = classifier.training
    with torch.no_grad():
        probs = classifier.eval()(pictures).softmax(dim=0)
    classifier.train(training)
    return judged_as(classifier, pictures)[0], probs.amax(dim=1).mean().item()


@mistake(
    "judge_samples",
    zh="分类器停在了 `eval` 模式：之后要恢复原来的模式。",
    en="The classifier is left in `eval` mode: bring back the mode that it was in.",
)
def left_in_eval(classifier, pictures):
    classifier.eval()
    return judged_as(classifier, pictures)


@mistake(
    "judge_samples",
    zh="分类器总被换到 `train` 模式：之后要恢复原来的模式。",
    en="The classifier is always put into `train` mode: bring back the mode that it was in.",
)
def left_in_train(classifier, pictures):
    result = judged_as(classifier, pictures)
    classifier.train()
    return result


@mistake(
    "judge_samples",
    zh="两个结果颠倒了：比例在先。",
    en="The two results have changed places: the shares come first.",
)
def results_swapped(classifier, pictures):
    return judged_as(classifier, pictures)[::-1]


def per_dimension(model, images, *, over=lambda cost: cost.mean(dim=0), cloud=lambda mu, logsigma: (mu, logsigma)):
    with torch.no_grad():
        return over(price(*cloud(*model.encode(images))))


@mistake(
    "price_per_dimension",
    zh="对图求了和：应当求平均。",
    en="It is summed over pictures: average over them.",
)
def pictures_added(model, images):
    return per_dimension(model, images, over=lambda cost: cost.sum(dim=0))


@mistake(
    "price_per_dimension",
    zh="对潜变量求了平均，每张图剩一个数：应当对图求平均。",
    en="It is averaged over latent variables, with a number left for each picture: average over pictures.",
)
def averaged_other_axis(model, images):
    return per_dimension(model, images, over=lambda cost: cost.mean(dim=1))


@mistake(
    "price_per_dimension",
    zh="对潜变量求了和，每张图剩一个数：应当对图求平均。",
    en="It is summed over latent variables, with a number left for each picture: average over pictures.",
)
def price_of_each_picture(model, images):
    return per_dimension(model, images, over=lambda cost: cost.sum(dim=1))


@mistake(
    "price_per_dimension",
    zh="只剩一个总数：每个潜变量各留一个。",
    en="Only one total is left: each latent variable keeps its own.",
)
def one_total(model, images):
    return per_dimension(model, images, over=lambda cost: cost.sum(dim=1).mean())


@mistake(
    "price_per_dimension",
    zh="每张图、每个潜变量各有一个数：要对图求平均。",
    en="There is a number for each picture and latent variable: average over pictures.",
)
def not_averaged_at_all(model, images):
    return per_dimension(model, images, over=lambda cost: cost)


@mistake(
    "price_per_dimension",
    zh="结果带着梯度：要在 `no_grad` 之下算，或者 `detach`。",
    en="The result carries gradients: compute it under `no_grad`, or detach it.",
)
def with_gradients(model, images):
    return price(*model.encode(images)).mean(dim=0)


@mistake(
    "price_per_dimension",
    zh="先对图平均 $\\mu$ 和 $\\log \\sigma$，再求 KL：应当先求 KL，再平均。",
    en="It averages $\\mu$ and $\\log \\sigma$ over pictures before taking the KL: take the KL first.",
)
def averages_clouds(model, images):
    average = lambda mu, logsigma: (mu.mean(dim=0, keepdim=True), logsigma.mean(dim=0, keepdim=True))  # noqa: E731
    return per_dimension(model, images, cloud=average)


@mistake(
    "price_per_dimension",
    zh="`encode` 的两个结果颠倒了：先 $\\mu$，后 $\\log \\sigma$。",
    en="The two results of `encode` have changed places: $\\mu$ comes first.",
)
def cloud_swapped(model, images):
    return per_dimension(model, images, cloud=lambda mu, logsigma: (logsigma, mu))


@mistake(
    "price_per_dimension",
    zh="只看了第一张图：要对所有图求平均。",
    en="It looks at the first picture only: average over all.",
)
def first_picture(model, images):
    return per_dimension(model, images[:1])


@mistake(
    "price_per_dimension",
    zh="返回的是各图的 $\\mu$ 的方差：要的是 KL。",
    en="It is the variance of $\\mu$ over pictures that comes back: the KL is wanted.",
)
def variance_of_means(model, images):
    with torch.no_grad():
        return model.encode(images)[0].var(dim=0, correction=0)


@mistake(
    "price_per_dimension",
    zh="取了中位数：要求平均。",
    en="It is a median: the mean is wanted.",
)
def median_price(model, images):
    return per_dimension(model, images, over=lambda cost: cost.median(dim=0).values)


# Walks


def line(start, end, n, *, t=None):
    t = torch.linspace(0, 1, n, dtype=start.dtype) if t is None else t.to(start.dtype)
    return (1 - t[:, None]) * start + t[:, None] * end


@mistake(
    "interpolate",
    zh="方向反了：从 `start` 走到 `end`。",
    en="It goes the other way: it should go from `start` to `end`.",
)
def backwards(start, end, n_steps):
    return line(end, start, n_steps)


@mistake(
    "interpolate",
    zh="缺少 `end`：两端都要。",
    en="`end` is missing: both ends are wanted.",
)
def lacks_the_end(start, end, n_steps):
    return line(start, end, n_steps, t=torch.arange(n_steps) / n_steps)


@mistake(
    "interpolate",
    zh="缺少 `start`：两端都要。",
    en="`start` is missing: both ends are wanted.",
)
def lacks_the_start(start, end, n_steps):
    return line(start, end, n_steps, t=torch.arange(1, n_steps + 1) / n_steps)


@mistake(
    "interpolate",
    zh="两端都没有：要包括它们。",
    en="Both ends are missing: they should be included.",
)
def lacks_both(start, end, n_steps):
    return line(start, end, n_steps, t=torch.arange(1, n_steps + 1) / (n_steps + 1))


@mistake(
    "interpolate",
    zh="多了一个点：`n_steps` 个点之间有 `n_steps - 1` 段。",
    en="There is one point too many: `n_steps` points have `n_steps - 1` gaps between them.",
)
def one_point_more(start, end, n_steps):
    return line(start, end, n_steps + 1)


@mistake(
    "interpolate",
    zh="加的是 `t * end`，没有减去 `start` 的那一份：是 $(1 - t)\\, z_0 + t\\, z_1$。",
    en="It adds `t * end` to the whole of `start`: it is $(1 - t)\\, z_0 + t\\, z_1$.",
)
def start_stays(start, end, n_steps):
    return start + torch.linspace(0, 1, n_steps, dtype=start.dtype)[:, None] * end


@mistake(
    "interpolate",
    zh="一列一个点：应当一行一个。",
    en="There is a point in each column: there should be one in each row.",
)
def points_in_columns(start, end, n_steps):
    return line(start, end, n_steps).T


@mistake(
    "interpolate",
    zh="各点不等距。",
    en="The points aren't equally spaced.",
)
def eased(start, end, n_steps):
    t = torch.linspace(0, 1, n_steps)
    return line(start, end, n_steps, t=t * t * (3 - 2 * t))


@mistake(
    "interpolate",
    zh="走的是球面，不是直线。",
    en="It walks on a sphere, and not along a straight line.",
)
def on_a_sphere(start, end, n_steps):
    angle = torch.acos((start @ end / (start.norm() * end.norm() + 1e-12)).clamp(-0.9999, 0.9999))
    t = torch.linspace(0, 1, n_steps, dtype=start.dtype)[:, None]
    return (((1 - t) * angle).sin() * start + (t * angle).sin() * end) / angle.sin()


@mistake(
    "interpolate",
    zh="结果总是 float32：类型应与 `start` 相同。",
    en="The result is always float32: it should have the dtype of `start`.",
)
def interpolates_in_float32(start, end, n_steps):
    return line(start, end, n_steps).float()


def evidence(
    model,
    images,
    n,
    kl_weight,
    *,
    s=lambda kl_weight: (kl_weight / 2) ** 0.5,
    prior=1.0,
    own=1.0,
    constant=True,
    combined=lambda logs, n: logs.logsumexp(dim=0) - math.log(n),
    pixels=lambda x: x.flatten(1).sum(dim=1),
    draw=solutions.sample_latent_vector,
):
    """The estimate with a choice of faults."""
    with torch.no_grad():
        mu, logsigma = model.encode(images)
        logs, std = [], s(kl_weight)
        for _ in range(n):
            z = draw(mu, logsigma)
            likelihood = Normal(model.decoder(z), std).log_prob(images)
            if not constant:
                likelihood = likelihood + math.log(std * math.tau**0.5)
            ratio = prior * Normal(0.0, 1.0).log_prob(z) - own * Normal(mu, logsigma.exp()).log_prob(z)
            logs.append(pixels(likelihood) + ratio.sum(dim=1))
        return combined(torch.stack(logs), n)


@mistake(
    "log_evidence",
    zh="没有减 $\\log n$：是平均，不是和。",
    en="$\\log n$ isn't subtracted: it is an average, and not a sum.",
)
def not_divided(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, combined=lambda logs, n: logs.logsumexp(dim=0))


@mistake(
    "log_evidence",
    zh="先取对数再平均，得到的是 ELBO：应当先平均，再取对数。",
    en="It averages logarithms, which gives the ELBO: average first, then take the logarithm.",
)
def averages_logs(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, combined=lambda logs, n: logs.mean(dim=0))


@mistake(
    "log_evidence",
    zh="密度下溢成 0，对数成了负无穷：先求对数，再 `logsumexp`。",
    en="Densities underflow to 0, and their logarithm is minus infinity: take logarithms first, then `logsumexp`.",
)
def underflows(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, combined=lambda logs, n: logs.exp().mean(dim=0).log())


@mistake(
    "log_evidence",
    zh="没有除以 $q(z)$。",
    en="It isn't divided by $q(z)$.",
)
def without_q(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, own=0.0)


@mistake(
    "log_evidence",
    zh="漏了先验 $p(z)$。",
    en="The prior $p(z)$ is missing.",
)
def without_p(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, prior=0.0)


@mistake(
    "log_evidence",
    zh="没有加权，只有 $p(x \\mid z)$。",
    en="There are no weights, only $p(x \\mid z)$.",
)
def without_weights(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, prior=0.0, own=0.0)


@mistake(
    "log_evidence",
    zh="权重上下颠倒了：是 $p(z) / q(z)$。",
    en="The weight is upside down: it is $p(z) / q(z)$.",
)
def weights_upside_down(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, prior=-1.0, own=-1.0)


@mistake(
    "log_evidence",
    zh="$s$ 用成了 $\\beta$：是 $\\sqrt{\\beta / 2}$。",
    en="$s$ is taken to be $\\beta$: it is $\\sqrt{\\beta / 2}$.",
)
def s_is_beta(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, s=lambda weight: weight)


@mistake(
    "log_evidence",
    zh="$s$ 漏了根号里的 1/2：是 $\\sqrt{\\beta / 2}$。",
    en="$s$ lacks the 1/2 under its root: it is $\\sqrt{\\beta / 2}$.",
)
def s_without_half(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, s=lambda weight: weight**0.5)


@mistake(
    "log_evidence",
    zh="$s$ 没有开方：是 $\\sqrt{\\beta / 2}$。",
    en="$s$ lacks its root: it is $\\sqrt{\\beta / 2}$.",
)
def s_without_root(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, s=lambda weight: weight / 2)


@mistake(
    "log_evidence",
    zh="像素的密度漏了常数 $\\log (s \\sqrt{2 \\pi})$。",
    en="The pixels' density lacks its constant, $\\log (s \\sqrt{2 \\pi})$.",
)
def without_constant(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, constant=False)


@mistake(
    "log_evidence",
    zh="对像素求了平均：对数密度要求和。",
    en="It averages over pixels: log densities are summed.",
)
def pixels_in_the_mean(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, pixels=lambda x: x.flatten(1).mean(dim=1))


@mistake(
    "log_evidence",
    zh="$z$ 取的是 $\\mu$，没有抽样。",
    en="$z$ is $\\mu$: nothing is drawn.",
)
def evidence_at_the_mean(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight, draw=lambda mu, logsigma: mu)


@mistake(
    "log_evidence",
    zh="对图也求了平均：每张图各返回一个数。",
    en="It averages over pictures, too: each keeps its own number.",
)
def evidence_of_all(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight).mean().expand(len(images))


@mistake(
    "log_evidence",
    zh="符号反了：这是 $-\\log p(x)$。",
    en="Its sign is wrong: this is $-\\log p(x)$.",
)
def evidence_negative(model, images, n_samples, kl_weight):
    return -evidence(model, images, n_samples, kl_weight)


@mistake(
    "log_evidence",
    zh="单位换成了比特：要奈特，即以 $e$ 为底。",
    en="It is in bits: nats are wanted, to the base $e$.",
)
def in_bits(model, images, n_samples, kl_weight):
    return evidence(model, images, n_samples, kl_weight) / math.log(2)


# More of every kind


@mistake(
    "pca_reconstruct",
    zh="减去的是 `held_out` 自己的均值，加回来的是 `train` 的。",
    en="What is subtracted is the mean of `held_out`, what is added back is that of `train`.",
)
def two_means(train, held_out, k):
    return projected(train, held_out, k, mean=held_out.mean(dim=0), back=train.mean(dim=0))


@mistake(
    "pca_reconstruct",
    zh="均值和方向来自 `train` 与 `held_out` 拼成的一张表。",
    en="Mean and directions come from `train` and `held_out` joined in one table.",
)
def all_rows_joined(train, held_out, k):
    return projected(torch.cat([train, held_out]), held_out, k)


@mistake(
    "pca_reconstruct",
    zh="用切片 `-k` 取最后 `k` 个：`k` 是 0 时取到了全部。",
    en="The slice `-k` takes the last `k`: with `k = 0` it takes all.",
)
def all_for_none(train, held_out, k):
    vectors = torch.linalg.eigh((train - train.mean(dim=0)).T @ (train - train.mean(dim=0))).eigenvectors
    return projected(train, held_out, k, directions=vectors[:, -k:].T)


@mistake(
    "pca_reconstruct",
    zh="就地从 `train` 减去了均值，调用者的数据变了。",
    en="It subtracts the mean from `train` in place, and the caller's data change.",
)
def train_changed(train, held_out, k):
    mean = train.mean(dim=0)
    train -= mean
    V = torch.linalg.svd(train, full_matrices=False).Vh[:k]
    return mean + (held_out - mean) @ V.T @ V


@mistake(
    "pca_reconstruct",
    zh="就地从 `held_out` 减去了均值，调用者的数据变了。",
    en="It subtracts the mean from `held_out` in place, and the caller's data change.",
)
def held_out_changed(train, held_out, k):
    held_out -= train.mean(dim=0)
    return projected(train, held_out, k, mean=0, back=train.mean(dim=0))


@mistake(
    "pca_reconstruct",
    zh="结果总是 float32：`float64` 进，应当 `float64` 出。",
    en="The result is always float32: for `float64` it should be `float64`.",
)
def reconstructs_in_float32(train, held_out, k):
    return projected(train.float(), held_out.float(), k)


@mistake(
    "pca_reconstruct",
    zh="中途在 float32 里算，最后才变回来：float64 的结果只剩七位是对的。",
    en="It works in float32 and only casts the result: of a float64 one only seven digits are right.",
)
def float32_on_the_way(train, held_out, k):
    return projected(train.float(), held_out.float(), k).to(held_out.dtype)


@mistake(
    "Autoencoder",
    zh="展平写在 `forward` 里：`encoder` 自己收不了图。",
    en="Flattening is done in `forward`: `encoder` alone can't take pictures.",
)
class FlattensOutside(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.encoder = nn.Sequential(*list(self.encoder)[1:])

    def forward(self, images):
        return self.decoder(self.encoder(images.flatten(1)))


@mistake(
    "Autoencoder",
    zh="解码器给出的图少了通道轴，到 `forward` 里才补上。",
    en="The decoder's pictures lack the channel axis, which `forward` puts in afterwards.",
)
class ChannelPutInLater(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.decoder[-1] = nn.Unflatten(1, (size, size))

    def forward(self, images):
        return self.decoder(self.encoder(images)).unsqueeze(1)


@mistake(
    "Autoencoder",
    zh="解码器的最后一层没有偏置。",
    en="The decoder's last layer has no bias.",
)
class LastWithoutBias(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.decoder[2] = nn.Linear(hidden_dim_size, size**2, bias=False)


@mistake(
    "Autoencoder",
    zh="给出编码的那一层没有偏置。",
    en="The layer that gives the code has no bias.",
)
class CodeWithoutBias(Net):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.encoder[3] = nn.Linear(hidden_dim_size, latent_dim_size, bias=False)


def listed(args):
    return list(DataLoader(args.train_set, args.batch_size, shuffle=True))


of_training(
    "shuffles_once",
    "只打乱了一次：每一轮用的都是同样的一批批。",
    "It shuffles once only: each epoch has the same batches.",
    loader=listed,
)
of_training(
    "seeds_each_epoch",
    "每一轮开头又设了种子，于是每一轮的顺序相同。",
    "The seed is set again at the beginning of each epoch, so all epochs have one order.",
    told=lambda args, model, place: (
        torch.manual_seed(args.seed)
        if place == "before"
        else args.on_epoch(model)
        if args.on_epoch and place == "epoch"
        else None
    ),
)
of_training(
    "wants_tensors",
    "它要 `args.train_set.tensors`：不是每种 `Dataset` 都有。",
    "It asks for `args.train_set.tensors`, which not every `Dataset` has.",
    loader=lambda args: [args.train_set.tensors],
)


@mistake(
    "train_autoencoder",
    zh="误差的和除以了 `args.batch_size`：最后一批没有这么多张。",
    en="The sum of errors is divided by `args.batch_size`, though a batch may have fewer pictures.",
)
def divides_by_the_size_asked(args):
    return trained(args, False, error=lambda images, drawn: (images - drawn).square().sum() / args.batch_size)


@mistake(
    "train_vae",
    zh="写成了 `args.kl_weight or 0.2`：权重 0 变成了 0.2。",
    en="`args.kl_weight or 0.2` makes 0.2 of a weight of 0.",
)
def no_weight_of_zero(args):
    return trained(args, True, loss=lambda args, error, price: error + (args.kl_weight or 0.2) * price)


@mistake(
    "train_vae",
    zh="记下的第一个数是整个损失：要的是误差。",
    en="The first number noted is the whole loss: the error is wanted.",
)
def notes_the_loss(args):
    return trained(args, True, kept=lambda args, error, price: (error + args.kl_weight * price, price))


class Twice(nn.Module):
    """Calls the model twice, once for the picture and once for its cloud."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        return self.model(images)[0], *self.model(images)[1:]


@mistake(
    "train_vae",
    zh="每一批调用模型两次：一次取图，一次取 `mu` 和 `logsigma`。",
    en="The model is called twice a batch, once for the picture and once for `mu` and `logsigma`.",
)
def calls_twice(args):
    torch.manual_seed(args.seed)
    model = args.make_model()
    twice, steps, history = Twice(model), torch.optim.Adam(model.parameters(), lr=args.lr), []
    for _ in range(args.epochs):
        for images, _ in DataLoader(args.train_set, args.batch_size, shuffle=True):
            reconstructions, mu, logsigma = twice(images)
            error, price = error_of(images, reconstructions), price_of(mu, logsigma)
            steps.zero_grad()
            (error + args.kl_weight * price).backward()
            steps.step()
            history.append((error.item(), price.item()))
        if args.on_epoch:
            args.on_epoch(model)
    return model, history


@mistake(
    "create_grid_of_latents",
    zh="向下的值是取相反数得来的：范围不以 0 为中心就错了。",
    en="Values downwards are the negatives: right only for a range around 0.",
)
def negated(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    codes = grid(latent_dim_size, interpolation_range, n_points, dims)
    low, high = interpolation_range
    steps = torch.linspace(low, high, n_points)
    codes[:, dims[1]] = -steps.repeat_interleave(n_points)
    return codes


@mistake(
    "create_grid_of_latents",
    zh="把 `dims` 排了序：哪个向右、哪个向上，由给的顺序定。",
    en="It sorts `dims`: their order says which is right and which is up.",
)
def sorts_dims(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, sorted(dims))


@mistake(
    "create_grid_of_latents",
    zh="结果是 float64：要的是 float32。",
    en="The result is float64: float32 is wanted.",
)
def grid_in_float64(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    return grid(latent_dim_size, interpolation_range, n_points, dims).double()


@mistake(
    "sample_latent_vector",
    zh="就地求指数，改动了 `logsigma`。",
    en="It takes the exponential in place, and changes `logsigma`.",
)
def exponential_in_place(mu, logsigma):
    return mu + logsigma.data.exp_() * torch.randn_like(mu)


@mistake(
    "sample_latent_vector",
    zh="不求梯度时只返回 `mu`：每次调用都要抽。",
    en="Without gradients it returns just `mu`: each call should draw.",
)
def draws_with_gradients_only(mu, logsigma):
    return mu + logsigma.exp() * torch.randn_like(mu) if torch.is_grad_enabled() else mu


@mistake(
    "kl_to_standard_normal",
    zh="先算 $\\sigma^2$ 再取对数：$\\sigma$ 很小时 $\\sigma^2$ 成了 0，对数是 $-\\infty$。",
    en="It takes the logarithm of $\\sigma^2$: with a small $\\sigma$ that is 0, and its logarithm $-\\infty$.",
)
def log_of_the_square(mu, logsigma):
    variance = (2 * logsigma).exp()
    return (mu.square() + variance - 1 - variance.log()) / 2


@mistake(
    "kl_to_standard_normal",
    zh="用的是 $|\\mu|$：应是 $\\mu^2$。",
    en="It takes $|\\mu|$, and not $\\mu^2$.",
)
def mean_absolute(mu, logsigma):
    return (mu.abs() + (2 * logsigma).exp() - 1) / 2 - logsigma


@mistake(
    "kl_by_sampling",
    zh="先对比值 $q/p$ 求平均，再取对数：要对对数求平均。",
    en="It takes the logarithm of the averaged ratio $q/p$: average the logarithms.",
)
def log_of_the_average(mu, logsigma, n):
    return sampled(mu, logsigma, n, total=lambda ratios: ratios.logsumexp(dim=0) - math.log(n))


@mistake(
    "VAE",
    zh="用 `squeeze` 去轴：只有一张图时，批次轴也没了。",
    en="It squeezes the encoder's output: a single picture loses its batch axis.",
)
class SqueezesCode(VariationalNet):
    def encode(self, images):
        mu, logsigma = self.encoder(images).squeeze().chunk(2, dim=-1)
        return mu, logsigma


@mistake(
    "VAE",
    zh="每张图只抽一个 $\\epsilon$，它的潜变量共用：每个潜变量要各抽各的。",
    en="One $\\epsilon$ is drawn for each picture, shared by its latent variables: each needs its own.",
)
class OneDrawAPicture(VariationalNet):
    def draw(self, mu, logsigma):
        return mu + logsigma.exp() * torch.randn_like(mu[:, :1])


@mistake(
    "elbo_terms",
    zh="误差是所有像素的平均乘 64：只对 8×8 的图才对。",
    en="The error is the mean over all pixels times 64: right for pictures of 8×8 only.",
)
def times_64(images, reconstructions, mu, logsigma):
    return 64 * (images - reconstructions).square().mean(), solutions.elbo_terms(images, reconstructions, mu, logsigma)[
        1
    ]


@mistake(
    "elbo_terms",
    zh="误差只沿最后一个轴求和：一张图的各行也要相加。",
    en="The error is summed over the last axis only: add up the rows of a picture, too.",
)
def last_axis_only(images, reconstructions, mu, logsigma):
    error = (images - reconstructions).square().sum(dim=-1).mean()
    return error, solutions.elbo_terms(images, reconstructions, mu, logsigma)[1]


@mistake(
    "judge_samples",
    zh="分类器在 train 模式下判断：批归一化和 dropout 因此不同，统计量也变了。",
    en="The classifier judges in train mode: batch norm and dropout differ there, and the statistics change.",
)
def judged_in_train(classifier, pictures):
    mode = classifier.training
    classifier.train()
    with torch.no_grad():
        probs, classes = classifier(pictures).softmax(dim=1).max(dim=1)
    classifier.train(mode)
    return torch.bincount(classes, minlength=10) / len(pictures), probs.mean().item()


@mistake("judge_samples", zh="比例是 float64：要的是 float32。", en="The shares are float64: float32 is wanted.")
def shares_in_float64(classifier, pictures):
    shares, confidence = solutions.judge_samples(classifier, pictures)
    return shares.double(), confidence


@mistake(
    "price_per_dimension",
    zh="它调用了整个模型：只用 `encode`，什么也不抽。",
    en="It calls the whole model: use `encode` only, and draw nothing.",
)
def calls_the_model(model, images):
    with torch.no_grad():
        _, mu, logsigma = model(images)
    return solutions.kl_to_standard_normal(mu, logsigma).mean(dim=0)


@mistake(
    "price_per_dimension",
    zh="分批求平均，再平均各批的结果：最后不满的一批算得太多；把和加起来，最后除以张数。",
    en="It averages the means of batches: the pictures of a smaller last batch count too much; add up sums, and divide by the number of pictures.",
)
def mean_of_batch_means(model, images):
    with torch.no_grad():
        means = [solutions.kl_to_standard_normal(*model.encode(some)).mean(dim=0) for some in images.split(64)]
    return torch.stack(means).mean(dim=0)


@mistake(
    "interpolate",
    zh="$t$ 没有第二个轴：步数与编码的长度不等就出错，相等就配错。",
    en="$t$ has no second axis: it fails where steps and code differ in length, and is paired wrongly where they don't.",
)
def without_an_axis(start, end, n_steps):
    t = torch.linspace(0, 1, n_steps, dtype=start.dtype)
    return start + t * (end - start)


@mistake(
    "interpolate",
    zh="就地往 `start` 上加，调用者的数据变了。",
    en="It adds to `start` in place, and the caller's data change.",
)
def start_changed(start, end, n_steps):
    step, rows = (end - start) / (n_steps - 1), []
    for _ in range(n_steps):
        rows.append(start.clone())
        start += step
    return torch.stack(rows)


@mistake(
    "log_evidence",
    zh="$\\log q$ 里少了 $-\\log \\sigma$。",
    en="$\\log q$ lacks $-\\log \\sigma$.",
)
def q_without_sigma(model, images, n_samples, kl_weight):
    with torch.no_grad():
        return solutions.log_evidence(model, images, n_samples, kl_weight) - model.encode(images)[1].sum(dim=1)


@mistake(
    "log_evidence",
    zh="像素的常数总按 64 个像素算：别的大小就错了。",
    en="The pixels' constant counts 64 of them always: wrong for other sizes.",
)
def always_64_pixels(model, images, n_samples, kl_weight):
    more = (64 - images[0].numel()) * math.log((kl_weight / 2 * math.tau) ** 0.5)
    return solutions.log_evidence(model, images, n_samples, kl_weight) - more


@mistake(
    "kl_to_standard_normal",
    zh="对数里加了 $10^{-6}$：云很窄时，价钱到不了它该有的那么高。",
    en="There is $10^{-6}$ added inside the logarithm: narrow clouds no longer cost all that they should.",
)
def log_with_epsilon(mu, logsigma):
    return (mu.square() + (2 * logsigma).exp() - 1) / 2 - (logsigma.exp() + 1e-6).log()


@mistake(
    "kl_to_standard_normal",
    zh="对数里加了 $10^{-8}$：云很窄时，价钱到不了它该有的那么高。",
    en="There is $10^{-8}$ added inside the logarithm: narrow clouds no longer cost all that they should.",
)
def log_with_small_epsilon(mu, logsigma):
    return (mu.square() + (2 * logsigma).exp() - 1) / 2 - (logsigma.exp() + 1e-8).log()


@mistake(
    "VAE",
    zh="`encode` 给出的第二样是 $\\sigma$：要的是 $\\log \\sigma$。",
    en="The second result of `encode` is $\\sigma$: $\\log \\sigma$ is wanted.",
)
class EncodesSigma(VariationalNet):
    def encode(self, images):
        mu, logsigma = self.encoder(images).chunk(2, dim=1)
        return mu, logsigma.exp()

    def draw(self, mu, logsigma):
        return mu + logsigma * torch.randn_like(mu)


@mistake(
    "judge_samples",
    zh="分类器在什么模式就用什么模式：总要在 eval 模式下判断。",
    en="The classifier judges in whatever mode it is: it should always be in eval.",
)
def judged_in_any_mode(classifier, pictures):
    with torch.no_grad():
        probs, classes = classifier(pictures).softmax(dim=1).max(dim=1)
    return torch.bincount(classes, minlength=10) / len(pictures), probs.mean().item()
