"""Right answers of day 2's first lesson, each written in another way; the tests accept them all."""

import functools
import math

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from coach import variant
from part2_cnns import solutions

# Modules


@variant("ReLU")
class ByWhere(nn.Module):
    def forward(self, x):
        return torch.where(x <= 0, 0, x)


@variant("ReLU")
class ByMaskedFill(nn.Module):
    def forward(self, x):
        return x.masked_fill(x <= 0, 0.0)


@variant("ReLU")
class InPlaceOnACopy(nn.Module):
    def forward(self, x):
        y = x.clone()
        y[x <= 0] = 0
        return y


@variant("ReLU")
class ByThreshold(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("unused", None)

    def forward(self, x):
        return F.threshold(x, 0.0, 0.0)


@variant("Linear")
class BiasRegisteredFirst(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        bound = in_features**-0.5
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound)) if bias else None
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))

    def forward(self, x):
        y = torch.einsum("...i,oi->...o", x, self.weight)
        return y + self.bias if self.bias is not None else y


@variant("Linear")
class ScaledRand(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super(ScaledRand, self).__init__()  # noqa: UP008  # type: ignore
        self.weight = nn.Parameter((2 * torch.rand(out_features, in_features) - 1) / math.sqrt(in_features))
        self.register_parameter("bias", None)
        if bias:
            self.register_parameter("bias", nn.Parameter((2 * torch.rand(out_features) - 1) / np.sqrt(in_features)))

    def forward(self, x):
        y = torch.tensordot(x, self.weight, dims=([-1], [1]))  # type: ignore
        if self.bias is not None:
            y += self.bias
        return y


@variant("Linear")
class ByInit(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        self.has_bias, self.bias = bias, None
        if bias:
            self.bias = nn.Parameter(torch.zeros(out_features))
            nn.init.uniform_(self.bias, -1 / in_features**0.5, 1 / in_features**0.5)

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        y = torch.addmm(self.bias, flat, self.weight.t()) if self.has_bias else flat.mm(self.weight.t())  # type: ignore
        return y.reshape(*x.shape[:-1], -1)


@variant("Flatten")
class ByLoop(nn.Module):
    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start, self.end = start_dim, end_dim

    def forward(self, x):
        start = self.start if self.start >= 0 else self.start + x.dim()
        end = self.end if self.end >= 0 else self.end + x.dim()
        shape, merged = [], 1
        for i, n in enumerate(x.size()):
            merged = merged * n if start <= i <= end else merged
            if not start <= i <= end:
                shape.append(n)
            elif i == end:
                shape.append(merged)
        return torch.reshape(x, shape)


@variant("Flatten")
class LeavesOneOut(solutions.Flatten):
    def forward(self, x):
        start, end = range(x.ndim)[self.start_dim], range(x.ndim)[self.end_dim]
        return x.contiguous().view(x.shape[:start] + (-1,) + x.shape[end + 1 :])


@variant("Flatten")
class LeavesTheNegative(solutions.Flatten):
    def forward(self, x):
        end = [] if self.end_dim == -1 else x.shape[self.end_dim + 1 :]
        return x.reshape(list(x.shape[: self.start_dim]) + [-1] + list(end))


@variant("SimpleMLP")
class InOneSequential(nn.Module):
    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__()
        parts = solutions.Flatten(), solutions.Linear(d_in, d_hidden), solutions.ReLU()
        self.layers = nn.Sequential(*parts, solutions.Linear(d_hidden, d_out))

    def forward(self, x):
        return self.layers(x)


@variant("SimpleMLP")
class OfAnotherLinear(nn.Module):
    """With a linear layer whose bias is registered first, and functions for the rest."""

    def __init__(self, d_in=64, d_hidden=100, d_out=10):
        super().__init__()
        self.layers = nn.ModuleList([BiasRegisteredFirst(d_in, d_hidden), BiasRegisteredFirst(d_hidden, d_out)])

    def forward(self, x):
        first, second = self.layers
        return second(torch.where((hidden := first(x.flatten(1))) <= 0, 0, hidden))


@variant("Sequential")
class OfModuleList(nn.ModuleList):
    def __init__(self, *modules):
        super().__init__(modules)

    def name_of(self, index):
        if index >= len(self) or index < -len(self):
            raise IndexError
        return str(index if index >= 0 else index + len(self))

    def forward(self, x):
        for module in self:
            x = module(x)
        return x


@variant("Sequential")
class BySetattr(nn.Module):
    def __init__(self, *modules):
        super().__init__()
        self.n = len(modules)
        for i in range(self.n):
            setattr(self, str(i), modules[i])

    def __len__(self):
        return self.n

    def name_of(self, index):
        return str(list(range(self.n))[index])

    def __getitem__(self, index):
        return getattr(self, self.name_of(index))

    def __setitem__(self, index, module):
        name = self.name_of(index)
        delattr(self, name)
        self.register_module(name, module)

    def forward(self, x):
        return functools.reduce(lambda y, i: self[i](y), range(self.n), x)


@variant("Sequential")
class ByItsDictionary(nn.Module):
    def __init__(self, *modules):
        super().__init__()
        self._modules.update({str(i): module for i, module in enumerate(modules)})

    def __len__(self):
        return len(self._modules)

    def name_of(self, index):
        return list(self._modules)[index]

    def __getitem__(self, index):
        return list(self._modules.values())[index]

    def __setitem__(self, index, module):
        self._modules[self.name_of(index)] = module

    def forward(self, x):
        for module in self._modules.values():
            x = module(x)  # type: ignore
        return x


@variant("Dropout")
class ByBernoulli(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        if self.p == 1:
            return torch.zeros_like(x) * x
        return x * torch.bernoulli(torch.full_like(x, 1 - self.p)).div(1 - self.p)


@variant("Dropout")
class DropoutByWhere(solutions.Dropout):
    def forward(self, x):
        if not self.training:
            return x.clone()
        return torch.where(torch.rand(x.shape) < self.p, 0, x / (1 - self.p + (self.p == 1)))


@variant("Embedding")
class ByOneHot(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim).normal_())

    def forward(self, x):
        return F.one_hot(x.long(), len(self.weight)).to(self.weight.dtype) @ self.weight


@variant("Embedding")
class ByIndexSelect(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.normal(0.0, 1.0, (num_embeddings, embedding_dim)))

    def forward(self, x):
        return self.weight.index_select(0, x.reshape(-1)).reshape(*x.shape, -1)


@variant("LayerNorm")
class NormBiasFirst(nn.Module):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__()
        shape = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
        self.bias = nn.Parameter(torch.zeros(*shape))
        self.weight = nn.Parameter(torch.ones(*shape))
        self.eps = eps

    def forward(self, x):
        dims = [-1 - i for i in range(self.weight.ndim)]
        centred = x - x.mean(dims, keepdim=True)
        return centred * torch.rsqrt(centred.pow(2).mean(dims, keepdim=True) + self.eps) * self.weight + self.bias


@variant("LayerNorm")
class ByFlattening(solutions.LayerNorm):
    def forward(self, x):
        flat = x.reshape(-1, self.weight.numel())
        std = (flat.var(1, unbiased=False) + self.eps).sqrt()
        return ((flat.T - flat.mean(1)) / std).T.reshape(x.shape) * self.weight + self.bias


# The ladder


@variant("rung_1")
def updated_under_no_grad(x, y, weight, bias, lr, batch_size, epochs):
    w, b = weight.detach().clone(), bias.detach().clone()
    w.requires_grad = b.requires_grad = True
    losses = []
    for _ in range(epochs):
        for i in range(0, len(x), batch_size):
            z = x[i : i + batch_size] @ w.T + b
            labels = y[i : i + batch_size]
            loss = torch.logsumexp(z, dim=1).mean() - z.gather(1, labels[:, None]).mean()
            loss.backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
                w.grad.zero_()
                b.grad.zero_()
            losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64)


@variant("rung_1")
def functional_steps(x, y, weight, bias, lr, batch_size, epochs):
    losses, one_hot = [], F.one_hot(y, len(bias))
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            weight, bias = weight.clone().requires_grad_(), bias.clone().requires_grad_()
            z = torch.einsum("ni,oi->no", x[start : start + batch_size], weight) + bias
            top = z.amax(1, keepdim=True).detach()
            log_sum = ((z - top).exp().sum(1, keepdim=True).log() + top).squeeze(1)
            loss = (log_sum - (z * one_hot[start : start + batch_size]).sum(1)).mean()
            d_weight, d_bias = torch.autograd.grad(loss, (weight, bias))
            weight, bias = weight.detach() - lr * d_weight, bias.detach() - lr * d_bias
            losses.append(loss.detach())
    return torch.stack(losses)


@variant("rung_1")
def by_log_softmax(x, y, weight, bias, lr, batch_size, epochs):
    w, b = torch.tensor(weight.tolist(), requires_grad=True), torch.tensor(bias.tolist(), requires_grad=True)
    losses = torch.zeros(epochs * math.ceil(len(x) / batch_size))
    for step in range(len(losses)):
        i = step % math.ceil(len(x) / batch_size) * batch_size
        xb, yb = x[i : i + batch_size], y[i : i + batch_size]
        loss = -torch.log_softmax(xb @ w.T + b, -1)[range(len(yb)), yb].mean()
        w.grad = b.grad = None
        loss.backward()
        w.data, b.data = w.data - lr * w.grad, b.data - lr * b.grad
        losses[step] = loss.detach()
    return losses


@variant("rung_2")
def named_parameters(x, y, weight, bias, lr, batch_size, epochs):
    w = nn.Parameter(torch.empty_like(weight))
    b = nn.Parameter(torch.empty_like(bias))
    with torch.no_grad():
        w.copy_(weight)
        b.copy_(bias)
    losses = []
    for _ in range(epochs):
        for i in range(0, x.shape[0], batch_size):
            loss = F.cross_entropy(x[i : i + batch_size] @ w.T + b, y[i : i + batch_size])
            loss.backward()
            with torch.no_grad():
                for p in [w, b]:
                    p.sub_(p.grad, alpha=lr)  # type: ignore
                    p.grad.zero_()  # type: ignore
            losses.append(loss.item())
    return torch.tensor(losses)


@variant("rung_3")
def with_a_criterion(x, y, weight, bias, lr, batch_size, epochs):
    model, criterion = solutions.Classifier(weight, bias), nn.CrossEntropyLoss()
    losses = []
    for _ in range(epochs):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=batch_size):
            model.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            with torch.no_grad():
                for p in list(model.parameters()):
                    p += -lr * p.grad
            losses.append(loss.detach())
    return torch.stack(losses)


@variant("rung_4")
def optimiser_cleared_after(x, y, weight, bias, lr, batch_size, epochs):
    model = solutions.Classifier(weight, bias)
    optimizer = torch.optim.SGD([{"params": model.weight}, {"params": model.bias}], lr)
    losses = []
    for _ in range(epochs):
        for xb, yb in zip(torch.split(x, batch_size), torch.split(y, batch_size), strict=True):
            loss = nn.CrossEntropyLoss()(model.forward(xb), yb)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
            losses += [loss.item()]
    return torch.tensor(losses)


@variant("rung_5")
def loader_of_pairs(x, y, weight, bias, lr, batch_size, epochs):
    model = solutions.Classifier(weight, bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loader = DataLoader(list(zip(x, y, strict=True)), batch_size=batch_size)  # type: ignore
    return torch.tensor([loss for _ in range(epochs) for loss in solutions.fit(model, loader, optimizer, 1)])


@variant("rung_5")
def torch_tensor_of_losses(x, y, weight, bias, lr, batch_size, epochs):
    model = solutions.Classifier(weight, bias)
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=False)
    return torch.tensor(solutions.fit(model, loader, torch.optim.SGD(model.parameters(), lr=lr), epochs))


@variant("rung_5")
def losses_in_float64(x, y, weight, bias, lr, batch_size, epochs):
    model = solutions.Classifier(weight=weight, bias=bias)
    loader = DataLoader(dataset=TensorDataset(x, y), batch_size=batch_size, drop_last=False)
    optimizer = torch.optim.SGD(params=model.parameters(), lr=lr)
    losses = solutions.fit(model=model, loader=loader, optimizer=optimizer, epochs=epochs)
    return torch.tensor(losses, dtype=torch.float64)


@variant("fit")
def fit_with_a_criterion(model, loader, optimizer, epochs):
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _epoch in range(epochs):
        model.train()
        for batch in loader:
            loss = criterion(model(batch[0]), batch[1])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(float(loss.detach()))
    return losses


@variant("fit")
def fit_clears_the_model(model, loader, optimizer, epochs):
    model.train()

    def step(images, labels):
        model.zero_grad()
        loss = -F.log_softmax(model(images), dim=1)[torch.arange(len(labels)), labels].mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return [step(*batch) for _ in range(epochs) for batch in loader]


# Training


@variant("get_digits")
def by_a_list_of_places(train):
    digits = load_digits()
    places = [i for i in range(len(digits.target)) if bool(i % 5) == train]  # type: ignore
    images = np.stack([digits.images[i] / 16 for i in places]).astype(np.float32)[:, None]  # type: ignore
    return TensorDataset(torch.from_numpy(images), torch.tensor([int(digits.target[i]) for i in places]))  # type: ignore


@variant("get_digits")
@functools.cache
def cached_digits(train):
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x, dtype=torch.float32).view(-1, 8, 8).unsqueeze(1) / 16, torch.tensor(y, dtype=torch.int64)
    test = np.arange(len(x)) % 5 == 0
    return TensorDataset(x[np.flatnonzero(~test)], y[~test]) if train else TensorDataset(x[::5], y[::5])


@variant("train")
def train_written_out(args):
    torch.manual_seed(args.seed)
    model = args.make_model()
    optimizer = torch.optim.Adam(list(model.parameters()), args.lr)
    loader = DataLoader(dataset=args.train_set, batch_size=args.batch_size, shuffle=True)
    model.train()
    losses = []
    for _ in range(args.epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.CrossEntropyLoss()(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach().item())
    return (model, losses)


@variant("train")
def train_by_randperm(args):
    torch.manual_seed(args.seed)
    model = args.make_model().train()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    losses = []
    for _ in range(args.epochs):
        for places in torch.randperm(len(args.train_set)).split(args.batch_size):
            pairs = [args.train_set[int(i)] for i in places]
            images, labels = (torch.stack(values) for values in zip(*pairs, strict=True))
            losses += solutions.fit(model, [(images, labels)], optimizer, 1)
    return model, losses


@variant("train")
def train_in_one_fit(args):
    torch.manual_seed(args.seed)
    model = args.make_model()
    chance = torch.Generator().manual_seed(args.seed)
    loader = DataLoader(args.train_set, args.batch_size, shuffle=True, generator=chance)
    return model, solutions.fit(model, loader, torch.optim.Adam(model.parameters(), lr=args.lr), args.epochs)


@variant("accuracy")
def accuracy_by_counting(model, data):
    was_training, right = model.training, 0
    model.eval()
    with torch.no_grad():
        for images, labels in DataLoader(data, 100):
            right += (model(images).argmax(1) == labels).sum().item()
    model.train(was_training)
    return right / len(data)


@variant("accuracy")
@torch.no_grad()
def accuracy_one_by_one(model, data):
    model.eval()
    return float(np.mean([model(data[i][0][None])[0].argmax().item() == data[i][1].item() for i in range(len(data))]))


@variant("train_with_validation")
def validation_written_out(args):
    torch.manual_seed(args.seed)
    model = args.make_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    train_loader = DataLoader(args.train_set, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(args.test_set, batch_size=args.batch_size)
    losses, accuracies = [], []
    for _ in range(args.epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        right = total = 0
        with torch.no_grad():
            for x, y in test_loader:
                right += int((model(x).argmax(dim=1) == y).sum())
                total += len(y)
        accuracies.append(right / total)
    return model, losses, accuracies
