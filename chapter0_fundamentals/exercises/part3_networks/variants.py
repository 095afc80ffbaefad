"""Right answers of day 3's second lesson, each written in another way; the tests accept them all."""

import contextlib
import functools
import math

import numpy as np
from part3_backprop.solutions import Tensor, add_

from coach import variant
from part3_networks import solutions
from part3_networks.solutions import SGD, Linear, Module, NoGrad, Parameter, ReLU, cross_entropy, sigmoid, softmax

# Checking gradients


@variant("numerical_gradient")
def one_copy_changed_and_restored(f, x, h=1e-5):
    work = x.astype(np.float64).copy()
    gradient = np.empty(work.shape)
    for place in np.ndindex(work.shape):
        kept = work[place]
        work[place] = kept + h
        above = float(f(work))
        work[place] = kept - h
        below = float(f(work))
        work[place] = kept
        gradient[place] = (above - below) / (2 * h)
    return gradient


@variant("numerical_gradient")
def by_rows_of_the_identity(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [(f(np.float64(1) * x + step) - f(np.float64(1) * x - step)) / h / 2 for step in steps]
    return np.array(slopes, dtype=np.float64).reshape(x.shape)


@variant("numerical_gradient")
def by_flat_places(f, x, h=1e-5):
    flat = np.array(x, dtype=float).ravel()

    def at(i, change):
        moved = flat.copy()
        moved[i] += change
        return f(moved.reshape(x.shape))

    return np.array([(at(i, h) - at(i, -h)) / (2 * h) for i in range(flat.size)], dtype=float).reshape(x.shape)


@variant("gradcheck")
def every_output_by_itself(f, inputs, h=1e-6):
    arrays = [np.array(x, dtype=float) for x in inputs]
    size = f(*map(Tensor, arrays)).array.size
    for i, x in enumerate(arrays):
        for j in range(size):
            leaves = [Tensor(array.copy(), requires_grad=True) for array in arrays]
            f(*leaves).reshape(size)[j].backward()
            grad = leaves[i].grad
            got = 0.0 if grad is None else grad.array

            def output(moved, i=i, j=j):
                return f(*[Tensor(moved if k == i else array) for k, array in enumerate(arrays)]).array.reshape(-1)[j]

            expected = solutions.numerical_gradient(output, x, h)
            if np.any(np.abs(got - expected) > 1e-6 + 1e-4 * np.abs(expected)):
                return False
    return True


@variant("gradcheck")
def by_an_end_gradient(f, inputs, h=1e-5):
    """The weights go into `backward`; a loop of its own for the quotients."""
    leaves = [Parameter(np.asarray(x).astype("float64")) for x in inputs]
    out = f(*leaves)
    weights = Tensor(1 + np.arange(out.array.size).reshape(out.shape) ** 1.5)
    out.backward(weights)
    agree = []
    for leaf in leaves:
        got = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.array
        for place in np.ndindex(leaf.shape):
            ends = []
            kept = leaf.array[place].copy()
            for sign in (1, -1):
                leaf.array[place] = kept + sign * h
                ends.append((f(*leaves).array * weights.array).sum())
            leaf.array[place] = kept
            slope = (ends[0] - ends[1]) / (2 * h)
            agree.append(np.isclose(got[place], slope, rtol=1e-4, atol=1e-6))
    return np.all(agree)


# Without the Jacobian


@variant("softmax_back")
def softmax_by_einsum(grad_out, out, x):
    return grad_out * out - out * np.einsum("...i,...i->...", grad_out, out)[..., None]


@variant("softmax_back")
def softmax_from_x(grad_out, out, x):
    p = softmax(x)
    mean = (
        np.average(grad_out, axis=-1, weights=p, keepdims=True)
        if x.ndim == 1
        else (grad_out * p).sum(-1, keepdims=True)
    )
    return ((grad_out - mean) * p).astype(x.dtype)


@variant("softmax_back")
def softmax_row_by_row(grad_out, out, x):
    rows = [
        p * (g - g @ p) for g, p in zip(grad_out.reshape(-1, x.shape[-1]), out.reshape(-1, x.shape[-1]), strict=True)
    ]
    return np.stack(rows).reshape(x.shape)


@variant("layernorm_back")
def by_three_paths(grad_out, out, x, eps=1e-5):
    n = x.shape[-1]
    deviation = x - x.mean(axis=-1, keepdims=True)
    s = np.sqrt((deviation**2).mean(axis=-1, keepdims=True) + eps)
    variance = (grad_out * deviation).sum(axis=-1, keepdims=True) * -0.5 / s**3
    mean = -(grad_out / s).sum(axis=-1, keepdims=True)
    return (grad_out / s + variance * 2 * deviation / n + mean / n).astype(x.dtype)


@variant("layernorm_back")
def layernorm_row_by_row(grad_out, out, x, eps=1e-5):
    result = np.empty_like(x)
    for place in np.ndindex(x.shape[:-1]):
        g, xhat = grad_out[place], out[place]
        result[place] = (g - g.mean() - xhat * np.dot(g, xhat) / len(g)) / math.sqrt(x[place].var() + eps)
    return result


@variant("cross_entropy_back")
def by_one_hot(logits, labels):
    one_hot = np.eye(logits.shape[1], dtype=logits.dtype)[labels]
    return (softmax(logits) - one_hot) / len(logits)


@variant("cross_entropy_back")
def example_by_example(logits, labels):
    gradient = np.zeros_like(logits)
    for i, label in enumerate(labels):
        exp = np.exp(logits[i] - logits[i].max())
        gradient[i] = exp / exp.sum()
        gradient[i, label] -= 1
        gradient[i] /= len(labels)
    return gradient


# A network on the engine


@variant("Parameter")
class ByNames(Tensor):
    def __init__(self, array, requires_grad=True):
        Tensor.__init__(self, array=array, requires_grad=requires_grad)


@variant("Parameter")
class SetAfterwards(Tensor):
    """With a way of its own to be shown, too."""

    def __init__(self, array, requires_grad=True):
        super().__init__(array)
        self.requires_grad = bool(requires_grad)

    def __repr__(self):
        return f"Parameter({self.array})"


@variant("Module")
class Registers:
    """Notes parameters and modules at the moment they are assigned, as PyTorch does."""

    def __init__(self):
        self.__dict__["_parameters"], self.__dict__["_modules"] = {}, {}

    def __setattr__(self, name, value):
        self.__delattr__(name, missing=True)
        if isinstance(value, Parameter):
            self._parameters[name] = value
        elif isinstance(value, Registers):
            self._modules[name] = value
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name):
        for register in (self.__dict__["_parameters"], self.__dict__["_modules"]):
            if name in register:
                return register[name]
        raise AttributeError(name)

    def __delattr__(self, name, missing=False):
        for register in (self._parameters, self._modules, self.__dict__):
            if name in register:
                del register[name]
                return
        if not missing:
            raise AttributeError(name)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def _walk(self, seen):
        if self in seen:
            return
        seen.append(self)
        for module in self._modules.values():
            module._walk(seen)

    def parameters(self):
        modules, given = [], set()
        self._walk(modules)
        for module in modules:
            for parameter in module._parameters.values():
                if parameter not in given:
                    given.add(parameter)
                    yield parameter


@variant("Module")
class Recursive:
    """Goes down by calling itself, with what it has seen handed on."""

    def forward(self, *inputs, **options):
        raise TypeError("forward is not written")

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def parameters(self, seen=None):
        seen = {} if seen is None else seen
        found = []
        for value in self.__dict__.values():
            if id(value) in seen:
                continue
            if isinstance(value, Parameter):
                seen[id(value)] = value
                found.append(value)
            if isinstance(value, Recursive):
                seen[id(value)] = value
                found.extend(Recursive.parameters(value, seen))
        return found


@variant("Linear")
class BiasFirst(Module):
    def __init__(self, d_in, d_out, rng, bias=True):
        super().__init__()
        k = d_in**-0.5
        self.bias = Parameter(2 * k * rng.random(d_out) - k) if bias else None
        self.weight = Parameter(k * (2 * rng.random((d_out, d_in)) - 1))

    def forward(self, x):
        y = x @ self.weight.permute(1, 0)
        if self.bias is not None:
            y = self.bias + y
        return y


@variant("Linear")
class BySumOfProducts(Linear):
    """No matrix product: broadcast, multiply, sum."""

    def forward(self, x):
        batch, d_in = x.shape
        y = (x.reshape(batch, 1, d_in) * self.weight).sum(dim=2)
        return y + self.bias if self.bias else y


@variant("ReLU")
class ByMaximum(Module):
    def forward(self, x):
        return x.maximum(0)


@variant("ReLU")
class ByMask(Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return x * (x.array > 0).astype(x.array.dtype)


@variant("MLP")
class AListBeside(Module):
    def __init__(self, sizes, rng):
        super().__init__()
        self.layers = []
        for i, (d_in, d_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
            layer = Linear(d_in, d_out, rng)
            self.layers.append(layer)
            self.__setattr__(f"linear_{i}", layer)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


@variant("MLP")
class FirstAndRest(Module):
    """A network of one layer, and another network behind it."""

    def __init__(self, sizes, rng):
        super().__init__()
        self.first = Linear(sizes[0], sizes[1], rng)
        self.rest = FirstAndRest(sizes[1:], rng) if len(sizes) > 2 else None
        self.activation = ReLU()

    def forward(self, x):
        x = self.first(x)
        return x if self.rest is None else self.rest(self.activation(x))


@variant("cross_entropy")
def by_a_one_hot_product(logits, labels):
    scores = logits - Tensor(logits.array.max(axis=1, keepdims=True))
    one_hot = np.eye(logits.shape[1], dtype=logits.array.dtype)[labels]
    true = (scores * one_hot).sum(dim=1)
    return (scores.exp().sum(dim=1).log() - true).mean()


@variant("cross_entropy")
def one_maximum_for_each_row(logits, labels):
    largest = np.array([row.max() for row in logits.array], dtype=logits.array.dtype)[:, None]
    shifted = logits + (-largest)
    exp = shifted.exp()
    total = exp.sum(1, True)
    losses = (total.log() - shifted)[range(len(labels)), labels]
    return losses.sum() * (1 / len(labels))


@variant("NoGrad")
@contextlib.contextmanager
def as_a_generator():
    before, Tensor.tracking = Tensor.tracking, False
    try:
        yield
    finally:
        Tensor.tracking = before


@variant("NoGrad")
class AStack:
    """Gives itself to `as`, and can be nested even as one object."""

    def __init__(self):
        self.states = []

    def __enter__(self):
        self.states.append(Tensor.tracking)
        Tensor.tracking = False
        return self

    def __exit__(self, kind, error, traceback):
        Tensor.tracking = self.states.pop()
        return False


@variant("SGD")
class ByAdd:
    """With the engine's own way to change in place."""

    def __init__(self, parameters, lr):
        self.params = tuple(parameters)
        self.lr = lr

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        with NoGrad():
            for p in filter(lambda p: p.grad is not None, self.params):
                add_(p, p.grad, alpha=-self.lr)


@variant("SGD")
class BySlices:
    def __init__(self, parameters, lr):
        self.params, self.lr = [*parameters], lr

    def zero_grad(self):
        for i in range(len(self.params)):
            self.params[i].grad = None

    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            p.array[...] = p.array - self.lr * p.grad.array


@variant("train")
def on_shuffled_arrays(model, x, y, lr, epochs, batch_size, rng):
    optimiser = SGD(list(model.parameters()), lr)
    history = []
    for _ in range(epochs):
        order = rng.permutation(len(y))
        shuffled_x, shuffled_y = x[order], y[order]
        for i in range(math.ceil(len(y) / batch_size)):
            piece = slice(i * batch_size, (i + 1) * batch_size)
            optimiser.zero_grad()
            loss = cross_entropy(model(Tensor(shuffled_x[piece])), shuffled_y[piece])
            loss.backward()
            optimiser.step()
            history += [float(loss.array)]
    return history


@variant("train")
def without_an_optimiser(model, x, y, lr, epochs, batch_size, rng):
    parameters, history = list(model.parameters()), []
    for _ in range(epochs):
        rows = np.arange(len(x))
        rng.shuffle(rows)
        while len(rows):
            batch, rows = rows[:batch_size], rows[batch_size:]
            loss = cross_entropy(model(Tensor(np.take(x, batch, axis=0))), y[batch])
            for p in parameters:
                p.grad = None
            loss.backward()
            for p in parameters:
                p.array -= lr * p.grad.array
            history.append(loss.item())
    return history


# The four equations


@variant("bp1")
def bp1_by_hand(grad_a, z):
    a = sigmoid(z)
    return grad_a * a * (1 - a)


@variant("bp2")
def bp2_by_einsum(delta, weight, z):
    return np.einsum("bo,oi,bi->bi", delta, weight, solutions.sigmoid_prime(z))


@variant("bp2")
def bp2_by_columns(delta, weight, z):
    """As in the book: examples in columns."""
    return (weight.T @ delta.T).T * sigmoid(z) * (1 - sigmoid(z))


@variant("bp3")
def bp3_by_ones(delta):
    return np.ones(len(delta), dtype=delta.dtype) @ delta


@variant("bp4")
def bp4_by_outer_products(a, delta):
    return sum(np.outer(d, row) for d, row in zip(delta, a, strict=True))


@variant("bp4")
def bp4_by_broadcasting(a, delta):
    return (delta[:, :, None] * a[:, None, :]).sum(axis=0)


@variant("neuron_path")
def step_by_step(w, b, x, y, lr, steps, cost):
    slopes = {"quadratic": lambda a: (a - y) * a * (1 - a), "cross-entropy": lambda a: a - y}
    if cost not in slopes:
        raise ValueError(cost)
    path = []
    for i in range(steps + 1):
        a = (1 + math.tanh((w * x + b) / 2)) / 2
        path.append(a)
        if i < steps:
            w, b = w - lr * slopes[cost](a) * x, b - lr * slopes[cost](a)
    return path


@variant("neuron_path")
def in_numpy(w, b, x, y, lr, steps, cost):
    if cost == "quadratic":
        factor = solutions.sigmoid_prime
    elif cost == "cross-entropy":
        factor = np.ones_like
    else:
        raise ValueError("no such cost")
    theta, inputs = np.array([w, b], dtype=float), np.array([x, 1.0])
    outputs = np.empty(steps + 1)
    for i in range(steps + 1):
        z = theta @ inputs
        outputs[i] = sigmoid(z)
        theta = theta - lr * (outputs[i] - y) * factor(z) * inputs
    return list(outputs)


@variant("neuron_path")
def by_an_exp_that_overflows(w, b, x, y, lr, steps, cost):
    if cost not in ("quadratic", "cross-entropy"):
        raise ValueError(cost)
    outputs = []
    for _ in range(steps + 1):
        with np.errstate(over="ignore"):  # exp gives infinity, and 1 / infinity is the 0 that is wanted
            a = 1 / (1 + np.exp(-np.float64(w * x + b)))
        delta = a - y if cost == "cross-entropy" else (a - y) * a * (1 - a)
        w, b = w - lr * delta * x, b - lr * delta
        outputs.append(float(a))
    return outputs


# Bigrams


@variant("conditional_entropy")
def masked_afterwards(counts):
    firsts = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # the masked places are 0 divided by 0, or the log of infinity
        surprise = np.where(counts > 0, counts * np.log(firsts / counts), 0)
    return float(surprise.sum() / counts.sum())


@variant("conditional_entropy")
def joint_minus_first(counts):
    """H(a, b) - H(a)."""

    def entropy(p):
        p = p[p > 0]
        return -(p * np.log(p)).sum()

    p = counts / counts.sum()
    return entropy(p) - entropy(p.sum(axis=1))


@variant("conditional_entropy")
def row_by_row(counts):
    total = 0.0
    for row in counts:
        n = row.sum()
        for count in row:
            if count:
                total -= count * math.log(count / n)
    return total / counts.sum()


@variant("conditional_entropy")
def with_zeros_replaced(counts):
    firsts = counts.sum(axis=1, keepdims=True)
    q = counts / np.where(firsts == 0, 1, firsts)
    return float(-(counts * np.log(np.where(q == 0, 1, q))).sum() / counts.sum())


@variant("Bigram")
class ByOneHot(Module):
    def __init__(self, n):
        super().__init__()
        self.n, self.weight = n, Parameter(np.zeros([n, n]))

    def forward(self, ids):
        one_hot = np.eye(self.n)[ids].astype(self.weight.array.dtype)
        return Tensor(one_hot) @ self.weight


variant("bp3", functools.partial(np.sum, axis=0), name="a_partial")
