"""Right answers of day 5's first lesson, each written in another way; the tests accept them all."""

import copy
import functools
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Independent, Normal
from torch.utils.data import DataLoader

from coach import variant
from part5_vaes import solutions

# Compression


@variant("pca_reconstruct")
def pca_by_covariance(train, held_out, k):
    mean = train.mean(0, keepdim=True)
    x = train - mean
    _, vectors = torch.linalg.eigh(x.T @ x)
    basis = vectors.flip(1)[:, :k]
    return mean + (held_out - mean) @ (basis @ basis.T)


@variant("pca_reconstruct")
def pca_in_numpy(train, held_out, k):
    rows, others = train.numpy(), held_out.numpy()
    mean = rows.mean(0)
    vt = np.linalg.svd(rows - mean)[2]
    return torch.from_numpy(((others - mean) @ vt[:k].T @ vt[:k] + mean).astype(others.dtype))


@variant("pca_reconstruct")
def pca_direction_by_direction(train, held_out, k):
    mean = train.mean(dim=0)
    V = torch.linalg.svd((train - mean).T, full_matrices=False)[0]
    out = mean.repeat(len(held_out), 1)
    for i in range(k):
        out = out + torch.outer((held_out - mean) @ V[:, i], V[:, i])
    return out


def layers(*modules):
    return nn.Sequential(*modules)


@variant("Autoencoder")
class LayerByLayer(nn.Module):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__()

        class Encoder(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Linear(size * size, hidden_dim_size)
                self.second = nn.Linear(hidden_dim_size, latent_dim_size)

            def forward(self, x):
                return self.second(F.relu(self.first(x.reshape(len(x), -1))))

        class Decoder(nn.Module):
            def __init__(self):
                super().__init__()
                self.up = nn.ModuleList(
                    [nn.Linear(latent_dim_size, hidden_dim_size), nn.Linear(hidden_dim_size, size * size)]
                )

            def forward(self, z):
                return self.up[1](self.up[0](z).clamp(min=0)).view(-1, 1, size, size)

        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, x):
        codes = self.encoder(x)
        return self.decoder(codes)


@variant("Autoencoder")
class InThreeSequentials(nn.Module):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__()
        relu, pixels = nn.ReLU(), size**2
        self.encoder = layers(nn.Flatten(start_dim=1), nn.Linear(pixels, hidden_dim_size), relu)
        self.encoder.append(nn.Linear(hidden_dim_size, latent_dim_size))
        body = layers(nn.Linear(latent_dim_size, hidden_dim_size), relu, nn.Linear(hidden_dim_size, pixels))
        self.decoder = layers(body, nn.Unflatten(-1, (1, size, size)))

    def forward(self, images):
        return self.decoder(self.encoder(images)).reshape(images.shape)


@variant("train_autoencoder")
def train_with_mse_loss(args):
    torch.manual_seed(args.seed)
    model = args.make_model().train()
    opt = torch.optim.Adam(model.parameters(), args.lr)
    losses = []
    for _epoch in range(args.epochs):
        for batch in DataLoader(args.train_set, batch_size=args.batch_size, shuffle=True):
            x = batch[0]
            opt.zero_grad()
            loss = F.mse_loss(model(x), x, reduction="sum") / len(x)
            loss.backward()
            losses.append(float(loss.detach()))
            opt.step()
        if args.on_epoch is not None:
            args.on_epoch(model)
    return model, losses


@variant("train_autoencoder")
def train_by_permutations(args):
    torch.manual_seed(args.seed)
    model, losses = args.make_model(), []
    optimizer = torch.optim.Adam(params=model.parameters(), lr=args.lr)
    for _ in range(args.epochs):
        for indices in torch.randperm(len(args.train_set)).split(args.batch_size):
            x = torch.stack([args.train_set[int(i)][0] for i in indices])
            per_picture = ((x - model(x)) ** 2).sum(dim=(1, 2, 3))
            loss = per_picture.mean()
            model.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach().item())
        (args.on_epoch or (lambda model: None))(model)
    return model, losses


@variant("train_vae")
def train_vae_by_one_sum(args):
    torch.manual_seed(args.seed)
    model = args.make_model()
    model.train()
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    loader = DataLoader(args.train_set, batch_size=args.batch_size, shuffle=True, drop_last=False)
    history = []
    for _ in range(args.epochs):
        for x, _label in loader:
            out, mu, ls = model(x)
            recon = F.mse_loss(out, x, reduction="none").flatten(1).sum(1).mean()
            kl = (-0.5 * (1 + 2 * ls - mu**2 - torch.exp(2 * ls))).sum(-1).mean()
            loss = recon + args.kl_weight * kl
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            history += [(float(recon.detach()), float(kl.detach()))]
        if callable(args.on_epoch):
            args.on_epoch(model)
    return model, history


@variant("train_vae")
def train_vae_by_permutations(args):
    torch.manual_seed(args.seed)
    model, history = args.make_model(), []
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for _ in range(args.epochs):
        order = torch.randperm(len(args.train_set)).tolist()
        for i in range(0, len(order), args.batch_size):
            x = torch.stack([args.train_set[j][0] for j in order[i : i + args.batch_size]])
            error, price = solutions.elbo_terms(x, *model(x))
            for p in model.parameters():
                p.grad = None
            error.backward(retain_graph=True)
            (args.kl_weight * price).backward()
            optimizer.step()
            history.append([error.item(), price.item()])
        if args.on_epoch:
            args.on_epoch(model)
    return model, history


# The map


@variant("create_grid_of_latents")
def grid_by_loops(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    low, high = interpolation_range
    codes = torch.zeros(n_points**2, latent_dim_size)
    for i in range(n_points):
        for j in range(n_points):
            codes[i * n_points + j, dims[0]] = low + (high - low) * j / (n_points - 1)
            codes[i * n_points + j, dims[1]] = high - (high - low) * i / (n_points - 1)
    return codes


@variant("create_grid_of_latents")
def grid_by_meshgrid(latent_dim_size, interpolation_range=(-2, 2), n_points=11, dims=(0, 1)):
    steps = torch.linspace(interpolation_range[0], interpolation_range[1], n_points)
    y, x = torch.meshgrid(steps.flip(0), steps, indexing="ij")
    columns = [torch.zeros(n_points**2)] * latent_dim_size
    columns[dims[0]], columns[dims[1]] = x.flatten(), y.flatten()
    return torch.stack(columns, dim=1)


# Clouds


@variant("sample_latent_vector")
def sample_by_rsample(mu, logsigma):
    return Normal(mu, logsigma.exp()).rsample()


@variant("sample_latent_vector")
def sample_by_given_noise(mu, logsigma):
    epsilon = torch.randn(mu.shape, dtype=mu.dtype, device=mu.device)
    return torch.addcmul(mu, torch.exp(logsigma), epsilon)


@variant("sample_latent_vector")
def sample_by_normal_in_place(mu, logsigma):
    epsilon = torch.empty_like(mu, requires_grad=False).normal_()
    return epsilon * torch.exp(logsigma) + mu


@variant("sample_latent_vector")
def sample_by_zero_and_one(mu, logsigma):
    return mu + torch.normal(torch.zeros_like(mu), torch.ones_like(mu)).detach() * (2 * logsigma).exp().sqrt()


@variant("kl_to_standard_normal")
def kl_the_papers_way(mu, logsigma):
    logvar = 2 * logsigma
    return -0.5 * (1 + logvar - mu**2 - logvar.exp())


@variant("kl_to_standard_normal")
def kl_by_sigma(mu, logsigma):
    sigma = torch.exp(logsigma)
    return 0.5 * (sigma * sigma + mu * mu) - 0.5 - logsigma


@variant("kl_to_standard_normal")
def kl_by_expm1(mu, logsigma):
    return torch.expm1(2 * logsigma) / 2 + mu.pow(2) / 2 - logsigma


@variant("kl_by_sampling")
def kl_by_log_prob(mu, logsigma, n):
    q = Normal(mu, logsigma.exp())
    z = q.sample((n,))
    return (q.log_prob(z) - Normal(torch.zeros_like(mu), torch.ones_like(mu)).log_prob(z)).mean(0)


@variant("kl_by_sampling")
def kl_by_a_loop(mu, logsigma, n):
    total = torch.zeros_like(mu)
    for _ in range(n):
        z = torch.normal(mu, logsigma.exp())
        log_q = -0.5 * ((z - mu) / logsigma.exp()) ** 2 - logsigma - 0.5 * math.log(2 * math.pi)
        total += log_q - (-0.5 * z**2 - 0.5 * math.log(2 * math.pi))
    return total / n


@variant("kl_by_sampling")
def kl_from_noise(mu, logsigma, n):
    epsilon = torch.randn(*mu.shape, n, dtype=mu.dtype)
    z = mu[..., None] + logsigma.exp()[..., None] * epsilon
    return 0.5 * (z**2 - epsilon**2).mean(dim=-1) - logsigma


@variant("VAE")
class OfAnAutoencoder(solutions.Autoencoder):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__(latent_dim_size, hidden_dim_size, size)
        self.encoder[-1] = nn.Linear(hidden_dim_size, latent_dim_size * 2)
        self.latent = latent_dim_size

    def encode(self, images):
        both = self.encoder(images)
        return both[:, : self.latent], both[:, self.latent :]

    def forward(self, images):
        mu, logsigma = self.encode(images)
        return self.decoder(Normal(mu, logsigma.exp()).rsample()), mu, logsigma


@variant("VAE")
class ByUnflatten(nn.Module):
    def __init__(self, latent_dim_size, hidden_dim_size, size=8):
        super().__init__()
        pixels = size * size
        self.encoder = LayerByLayer(2 * latent_dim_size, hidden_dim_size, size).encoder
        self.decoder = layers(
            nn.Linear(latent_dim_size, hidden_dim_size),
            nn.ReLU(),
            nn.Linear(hidden_dim_size, pixels),
            nn.Unflatten(1, (1, size, size)),
        )

    def encode(self, images):
        mu, logsigma = torch.unbind(self.encoder(images).unflatten(1, (2, -1)), dim=1)
        return mu, logsigma

    def forward(self, images):
        mu, logsigma = self.encode(images)
        z = mu + torch.randn_like(logsigma) * torch.exp(logsigma)
        return [self.decoder(z).reshape_as(images), mu, logsigma]


# The loss


@variant("elbo_terms")
def terms_by_division(images, reconstructions, mu, logsigma):
    n = len(images)
    error = ((images - reconstructions) ** 2).sum() / n
    price = (0.5 * (mu**2 + torch.exp(2 * logsigma) - 1) - logsigma).sum() / n
    return error, price


@variant("elbo_terms")
def terms_by_einsum(images, reconstructions, mu, logsigma):
    off = reconstructions - images
    error = torch.einsum("bchw,bchw->b", off, off)
    return [error.mean(0), torch.einsum("bl->b", solutions.kl_to_standard_normal(mu, logsigma)).mean(0)]


# Judging


@variant("judge_samples")
@torch.no_grad()
def judge_by_hand(classifier, pictures):
    training = classifier.training
    probs = classifier.eval()(pictures).softmax(dim=-1)
    classifier.train(training)
    confidence, classes = probs.max(dim=-1)
    return F.one_hot(classes, 10).float().mean(dim=0), float(confidence.mean())


@variant("judge_samples")
def judge_by_loop(classifier, pictures):
    classes, probs = solutions.predict(classifier, pictures)
    shares = [float((classes == digit).double().mean()) for digit in range(10)]
    return torch.tensor(shares), sum(probs.tolist()) / len(probs)


@variant("judge_samples")
def judge_a_copy(classifier, pictures):
    classes, probs = solutions.predict(copy.deepcopy(classifier), pictures)
    counts = torch.zeros(10).index_add_(0, classes, torch.ones(len(classes)))
    return counts / counts.sum(), probs.double().mean().item()


@variant("price_per_dimension")
def price_detached(model, images):
    mu, logsigma = model.encode(images)
    return ((mu**2 + logsigma.exp() ** 2) / 2 - 0.5 - logsigma).mean(0).detach()


@variant("price_per_dimension")
@torch.inference_mode()
def price_by_picture(model, images):
    prices = [solutions.kl_to_standard_normal(*model.encode(image[None]))[0] for image in images]
    return functools.reduce(torch.add, prices) / len(prices)


# Walks


@variant("interpolate")
def interpolate_by_lerp(start, end, n_steps):
    return torch.stack([torch.lerp(start, end, i / (n_steps - 1)) for i in range(n_steps)])


@variant("interpolate")
def interpolate_by_outer(start, end, n_steps):
    t = torch.arange(n_steps, dtype=start.dtype) / (n_steps - 1)
    return start + torch.outer(t, end - start)


@variant("interpolate")
def interpolate_by_columns(start, end, n_steps):
    columns = [torch.linspace(float(a), float(b), n_steps) for a, b in zip(start, end, strict=True)]
    return torch.stack(columns, dim=1).to(start)


@variant("log_evidence")
@torch.no_grad()
def evidence_all_at_once(model, images, n_samples, kl_weight):
    mu, logsigma = model.encode(images)
    q = Independent(Normal(mu, logsigma.exp()), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    z = q.sample((n_samples,))
    means = model.decoder(z.flatten(0, 1)).unflatten(0, (n_samples, len(images)))
    likelihood = Independent(Normal(means, math.sqrt(kl_weight / 2)), 3).log_prob(images.expand_as(means))
    return torch.logsumexp(likelihood + p.log_prob(z) - q.log_prob(z), dim=0) - math.log(n_samples)


@variant("log_evidence")
def evidence_by_formulas(model, images, n_samples, kl_weight):
    best, pixels = [], images[0].numel()
    for _ in range(n_samples):
        mu, logsigma = model.encode(images)
        epsilon = torch.randn_like(mu)
        z = mu + logsigma.exp() * epsilon
        error = (model.decoder(z) - images).square().flatten(1).sum(1)
        log_p = -error / kl_weight - pixels / 2 * math.log(math.pi * kl_weight)
        best.append((log_p + (epsilon**2 / 2 - z**2 / 2 + logsigma).sum(1)).detach())
    top = torch.stack(best).amax(0)
    return top + (torch.stack(best) - top).exp().mean(0).log()
