"""Right answers of day 3's first lesson, each written in another way; the tests accept them all."""

import functools
import itertools
from collections import defaultdict

import einops
import numpy as np

from coach import variant
from part3_backprop import solutions
from part3_backprop.solutions import BACK_FUNCS, Recipe, Tensor, unbroadcast

# Rules


@variant("log_back")
def by_reciprocal(grad_out, out, x):
    return np.reciprocal(x) * grad_out


@variant("log_back")
def from_out(upstream, y, x):
    return upstream * np.exp(-y)


@variant("log_back")
def number_by_number(grad_out, out, x):
    slopes = np.empty_like(x)
    for place in np.ndindex(x.shape):
        slopes[place] = grad_out[place] / x[place]
    return slopes


@variant("log_back")
def into_a_copy(grad_out, out, x):
    result = np.array(grad_out)
    result /= x
    return result


@variant("unbroadcast")
def axis_by_axis(broadcasted, original):
    original = np.asarray(original)
    while broadcasted.ndim > original.ndim:
        broadcasted = np.sum(broadcasted, axis=0)
    for axis in range(original.ndim):
        if original.shape[axis] == 1 and broadcasted.shape[axis] != 1:
            broadcasted = broadcasted.sum(axis, keepdims=True)
    return broadcasted


@variant("unbroadcast")
def from_the_right(broadcasted, original):
    shape = original.shape if hasattr(original, "shape") else ()
    padded = (1,) * (broadcasted.ndim - len(shape)) + shape
    axes = tuple(i for i, (big, small) in enumerate(zip(broadcasted.shape, padded, strict=True)) if big != small)
    return np.reshape(np.add.reduce(broadcasted, axis=axes, keepdims=True), shape)


@variant("unbroadcast")
def always_copies(broadcasted, original):
    places = np.broadcast_to(np.arange(np.size(original)).reshape(np.shape(original)), broadcasted.shape)
    result = np.zeros(np.size(original), dtype=broadcasted.dtype)
    np.add.at(result, places.ravel(), broadcasted.ravel())
    return result.reshape(np.shape(original))


@variant("unbroadcast")
def a_number_of_numpys(broadcasted, original):
    if np.ndim(original) == 0:
        return broadcasted.sum() + broadcasted.dtype.type(0)
    return solutions.unbroadcast(broadcasted, original)


@variant("multiply_back0")
def other_names(g, _, a, b):
    return unbroadcast(np.multiply(b, g), a)


@variant("multiply_back0")
def with_a_fresh_copy(grad_out, out, x, y):
    result = grad_out.copy()
    result *= y
    return axis_by_axis(result, x)


@variant("multiply_back0")
def by_einsum(grad_out, out, x, y):
    y = np.broadcast_to(np.asarray(y, dtype=grad_out.dtype), grad_out.shape)
    return unbroadcast(np.einsum("...,...->...", grad_out, y), x)


@variant("multiply_back1")
def by_the_first(grad_out, out, x, y):
    return solutions.multiply_back0(grad_out, out, y, x)


@variant("multiply_back1")
def broadcast_first(grad_out, out, x, y):
    return axis_by_axis(np.broadcast_to(grad_out, np.shape(out)) * x, y)


@variant("forward_and_back")
def as_a_list(a, b, c):
    total = np.ones(np.broadcast_shapes(a.shape, b.shape, c.shape), dtype=a.dtype)
    return [unbroadcast(total * c / a, a), unbroadcast(total * c / b, b), unbroadcast(total * np.log(a * b), c)]


@variant("forward_and_back")
def by_the_engine(a, b, c):
    leaves = [Tensor(x, requires_grad=True) for x in (a, b, c)]
    x, y, z = leaves
    (z * (x * y).log()).backward()
    return tuple(leaf.grad.array for leaf in leaves)


# Recipes


@variant("BackwardFuncLookup")
class Nested:
    def __init__(self, rules=None):
        self._of = defaultdict(dict)
        for (function, place), back in (rules or {}).items():
            self.add_back_func(function, place, back)

    def add_back_func(self, forward_fn, arg_position, back_fn):
        self._of[forward_fn][arg_position] = back_fn

    def get_back_func(self, forward_fn, arg_position):
        if arg_position not in self._of.get(forward_fn, {}):
            raise KeyError((forward_fn.__name__, arg_position))
        return self._of[forward_fn][arg_position]


@variant("BackwardFuncLookup")
class ListOfTriples:
    def __init__(self, rules={}):  # noqa: B006
        self.triples = [(function, place, back) for (function, place), back in rules.items()]

    def add_back_func(self, forward_fn, arg_position, back_fn):
        self.triples.insert(0, (forward_fn, arg_position, back_fn))

    def get_back_func(self, forward_fn, arg_position):
        for function, place, back in self.triples:
            if function is forward_fn and place == arg_position:
                return back
        raise KeyError(f"{forward_fn.__name__}?")


class Missing(KeyError):
    pass


@variant("BackwardFuncLookup")
class ADict(dict):
    def add_back_func(self, forward_fn, arg_position, back_fn):
        self[id(forward_fn), arg_position] = back_fn, forward_fn

    def get_back_func(self, forward_fn, arg_position):
        for key in ((id(forward_fn), arg_position), (forward_fn, arg_position)):
            if key in self:
                return self[key][0] if isinstance(self[key], tuple) else self[key]
        raise Missing(forward_fn.__name__)


@variant("log_forward")
def log_in_one_go(x):
    wanted = x.requires_grad and Tensor.tracking
    out = Tensor(np.log(x.array), wanted)
    out.recipe = Recipe(func=np.log, args=[x.array], kwargs={}, parents={0: x}) if wanted else None  # type: ignore
    return out


@variant("log_forward")
def by_wrapping(x):
    return solutions.wrap_forward_fn(np.log)(x)


@variant("multiply_forward")
def case_by_case(x, y):
    parents = {}
    if isinstance(x, Tensor) and x.requires_grad:
        parents[0] = x
    if isinstance(y, Tensor) and y.requires_grad:
        parents[1] = y
    a = x.array if isinstance(x, Tensor) else x
    b = y.array if isinstance(y, Tensor) else y
    out = Tensor(a * b)
    if not Tensor.tracking or len(parents) == 0:
        return out
    out.requires_grad = True
    out.recipe = Recipe(np.multiply, (a, b), {}, parents)
    return out


@variant("multiply_forward")
def by_attributes(x, y):
    args = [getattr(f, "array", f) for f in (x, y)]
    parents = {i: f for i, f in enumerate((x, y)) if getattr(f, "requires_grad", False)}
    out = Tensor(np.multiply(args[0], args[1]), requires_grad=bool(parents) and Tensor.tracking)
    if out.requires_grad:
        out.recipe = Recipe(np.multiply, args, dict(), parents)  # type: ignore
    return out


def array_of(value):
    return value.array if isinstance(value, Tensor) else value


@variant("wrap_forward_fn")
def comprehensions(numpy_func):
    @functools.wraps(numpy_func)
    def wrapped(*args, **kwargs):
        arrays = tuple(map(array_of, args))
        result = numpy_func(*arrays, **kwargs)
        parents = {i: t for i, t in enumerate(args) if isinstance(t, Tensor) and t.requires_grad}
        if not Tensor.tracking:
            parents = {}
        out = Tensor(result, bool(parents))
        out.recipe = Recipe(numpy_func, arrays, kwargs, parents) if parents else None
        return out

    return wrapped


@variant("wrap_forward_fn")
class Wrapped:
    def __init__(self, numpy_func):
        self.numpy_func = numpy_func

    def __call__(self, *args, **kwargs):
        return comprehensions(self.numpy_func)(*args, **kwargs)


@variant("wrap_forward_fn")
def by_partial(numpy_func):
    def apply(function, *args, **kwargs):
        return solutions.wrap_forward_fn(function)(*args, **kwargs)

    return functools.partial(apply, numpy_func)


# The walk back


@variant("topological_sort")
def with_iterators(node, get_children):
    order, done, path = [], set(), {node}
    stack = [(node, iter(get_children(node)))]
    while stack:
        current, children = stack[-1]
        for child in children:
            if child in path:
                raise ValueError("a cycle")
            if child not in done:
                path.add(child)
                stack.append((child, iter(get_children(child))))
                break
        else:
            stack.pop()
            path.discard(current)
            done.add(current)
            order.append(current)
    return order


@variant("topological_sort")
def by_counting(node, get_children):
    children, todo = {}, [node]
    while todo:
        current = todo.pop()
        if current not in children:
            children[current] = set(get_children(current))
            todo.extend(children[current])
    waiting = {n: len(c) for n, c in children.items()}
    users = defaultdict(list)
    for n, c in children.items():
        for child in c:
            users[child].append(n)
    ready, order = [n for n, count in waiting.items() if count == 0], []
    while ready:
        order.append(ready.pop())
        for user in users[order[-1]]:
            waiting[user] -= 1
            if waiting[user] == 0:
                ready.append(user)
    if len(order) < len(children):
        raise ValueError(f"{len(children) - len(order)} nodes are in cycles")
    return order


@variant("topological_sort")
def with_marks(node, get_children):
    order, state, stack = [], {}, [(node, False)]
    while stack:
        current, leaving = stack.pop()
        if leaving:
            state[current] = "done"
            order.append(current)
        elif current not in state:
            state[current] = "open"
            stack.append((current, True))
            for child in list(get_children(current))[::-1]:
                if state.get(child) == "open":
                    raise ValueError(child)
                stack.append((child, False))
    return order


@variant("sorted_computational_graph")
def by_another_sort(tensor):
    def origins(t):
        return [] if t.recipe is None else list(t.recipe.parents.values())

    return list(reversed(by_counting(tensor, origins)))


@variant("sorted_computational_graph")
def as_they_become_free(tensor):
    users, todo, seen = defaultdict(int), [tensor], {id(tensor)}
    while todo:
        recipe = todo.pop().recipe
        for parent in recipe.parents.values() if recipe else ():
            users[id(parent)] += 1
            if id(parent) not in seen:
                seen.add(id(parent))
                todo.append(parent)
    order, free = [], [tensor]
    while free:
        order.append(free.pop(0))
        for parent in order[-1].recipe.parents.values() if order[-1].recipe else ():
            users[id(parent)] -= 1
            if users[id(parent)] == 0:
                free.append(parent)
    return order


@variant("backprop")
def by_identity(end_node, end_grad=None):
    slopes = {id(end_node): np.ones(end_node.shape, end_node.array.dtype) if end_grad is None else end_grad.array}
    for node in as_they_become_free(end_node):
        slope = slopes[id(node)]
        if node.recipe is not None:
            for place, parent in node.recipe.parents.items():
                rule = BACK_FUNCS.get_back_func(node.recipe.func, place)
                sent = rule(slope, node.array, *node.recipe.args, **node.recipe.kwargs)
                slopes[id(parent)] = np.add(slopes.get(id(parent), 0), sent)
        elif node.requires_grad:
            copy = np.array(slope, dtype=node.array.dtype)
            if node.grad is None:
                node.grad = Tensor(copy)
            else:
                node.grad.array += copy  # type: ignore


@variant("backprop")
def lists_of_parts(end_node, end_grad=None):
    parts = defaultdict(list)
    parts[end_node].append(np.full_like(end_node.array, 1) if end_grad is None else end_grad.array)
    for node in solutions.sorted_computational_graph(end_node):
        slope = functools.reduce(np.add, parts.pop(node))
        if node.recipe is None and node.requires_grad:
            new = np.zeros_like(node.array)
            new += slope.astype(new.dtype)
            if node.grad is not None:
                new += node.grad.array
            node.grad = Tensor(new)
        elif node.recipe:
            for place in sorted(node.recipe.parents, reverse=True):
                rule = BACK_FUNCS.get_back_func(node.recipe.func, place)
                parts[node.recipe.parents[place]].append(
                    rule(slope, node.array, *node.recipe.args, **node.recipe.kwargs)
                )


@variant("backprop")
def adding_to_own_arrays(end_node, end_grad=None):
    slopes = {}
    slopes[end_node] = np.ones_like(end_node.array) if end_grad is None else np.copy(end_grad.array)
    for node in solutions.sorted_computational_graph(end_node):
        slope, recipe = slopes.pop(node), node.recipe
        if recipe:
            for place, parent in recipe.parents.items():
                sent = BACK_FUNCS.get_back_func(recipe.func, place)(slope, node.array, *recipe.args, **recipe.kwargs)
                if parent not in slopes:
                    slopes[parent] = np.zeros(parent.shape, dtype=parent.array.dtype)
                slopes[parent] += np.asarray(sent).astype(parent.array.dtype)
        elif node.requires_grad:
            node.grad = Tensor(slope if node.grad is None else slope + node.grad.array)


@variant("backprop")
def only_where_wanted(end_node, end_grad=None):
    """Asks at the end only: parents are those that want a gradient."""
    if not end_node.requires_grad:
        return
    nodes = solutions.sorted_computational_graph(end_node)
    slopes = [np.zeros(node.shape, node.array.dtype) for node in nodes]
    places = {id(node): i for i, node in enumerate(nodes)}
    slopes[0] += 1 if end_grad is None else end_grad.array
    for node, slope in zip(nodes, slopes, strict=True):
        if not node.recipe:
            before = 0 if node.grad is None else node.grad.array
            node.grad = Tensor(np.array(before + slope, node.array.dtype))
            continue
        func, args, kwargs = node.recipe.func, node.recipe.args, node.recipe.kwargs
        for i, parent in node.recipe.parents.items():
            sent = BACK_FUNCS.get_back_func(func, i)(slope, node.array, *args, **kwargs)
            slopes[places[id(parent)]] += sent.astype(parent.array.dtype)


# More rules


@variant("exp_back")
def exp_again(grad_out, out, x):
    return grad_out * np.exp(x)


@variant("exp_back")
def exp_by_einsum(grad_out, out, x):
    return np.einsum("...,...->...", out, grad_out)


@variant("reshape_back")
def reshape_of_numpy(grad_out, out, x, shape):
    return np.reshape(grad_out, np.shape(x))


@variant("reshape_back")
def filled_in(grad_out, out, x, shape):
    result = np.empty(x.shape, dtype=grad_out.dtype)
    result.flat[...] = np.ravel(grad_out)
    return result


@variant("permute_back")
def inverse_by_index(grad_out, out, x, axes):
    n = len(axes)
    positive = [axis % n for axis in axes]
    return np.transpose(grad_out, [positive.index(i) for i in range(n)])


@variant("permute_back")
def written_into_a_view(grad_out, out, x, axes):
    result = np.empty_like(x)
    np.transpose(result, axes)[...] = grad_out
    return result


@variant("permute_back")
def moved(grad_out, out, x, axes):
    return np.moveaxis(grad_out, range(len(axes)), axes)


@variant("permute_back")
def by_einops(grad_out, out, x, axes):
    names = [f"a{axis % x.ndim}" for axis in axes]
    return einops.rearrange(grad_out, f"{' '.join(names)} -> {' '.join(sorted(names))}")


@variant("sum_back")
def by_broadcast_to(grad_out, out, x, dim=None, keepdim=False):
    axes = range(x.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    kept = [1 if i in {axis % x.ndim for axis in axes} else n for i, n in enumerate(x.shape)]
    return np.broadcast_to(np.reshape(grad_out, kept), x.shape)


@variant("sum_back")
def times_ones(grad_out, out, x, dim=None, keepdim=False):
    if not keepdim and dim is not None:
        grad_out = np.expand_dims(grad_out, dim)
    return np.ones_like(x) * grad_out


@variant("getitem_back")
def by_counting_places(grad_out, out, x, index):
    places = np.arange(x.size).reshape(x.shape)[index]
    result = np.zeros(x.size, dtype=x.dtype)
    for place, value in zip(np.ravel(places), np.ravel(grad_out), strict=True):
        result[place] += value
    return result.reshape(x.shape)


@variant("getitem_back")
def by_bincount(grad_out, out, x, index):
    places = np.arange(x.size).reshape(x.shape)[index]
    sums = np.bincount(np.ravel(places), weights=np.ravel(grad_out), minlength=x.size)
    return sums.reshape(x.shape).astype(x.dtype)


@variant("true_divide_back1")
def by_the_square(grad_out, out, x, y):
    return unbroadcast(np.negative(grad_out * x) / y**2, y)


@variant("true_divide_back1")
def sign_last(g, o, a, b):
    return -axis_by_axis(g * a / (b * b), b)


@variant("maximum_back0")
def two_halves(grad_out, out, x, y):
    return unbroadcast((grad_out * (x > y) + grad_out * (x >= y)) / 2, x)


@variant("maximum_back0")
def by_where(grad_out, out, x, y):
    x_, y_ = np.broadcast_arrays(x, y)
    half = grad_out.dtype.type(0.5)
    return unbroadcast(np.where(x_ > y_, grad_out, np.where(x_ == y_, half * grad_out, grad_out.dtype.type(0))), x)


@variant("maximum_back0")
def by_sign(grad_out, out, x, y):
    return unbroadcast(grad_out * ((np.sign(x - y) + 1) / 2).astype(grad_out.dtype), x)


@variant("relu")
def by_a_mask(x):
    return x * (x.array > 0).astype(x.array.dtype)


@variant("relu")
def zero_first(x):
    return solutions.maximum(0, x)


@variant("relu")
def with_a_tensor_of_zeros(x):
    return x.maximum(Tensor(np.zeros_like(x.array)))


@variant("matmul2d_back0")
def by_indices(grad_out, out, x, y):
    return np.einsum("nm,km->nk", grad_out, y)


@variant("matmul2d_back0")
def by_dot(grad_out, out, x, y):
    return np.dot(y, grad_out.T).T


@variant("matmul2d_back0")
def sum_of_columns(grad_out, out, x, y):
    return sum((np.outer(grad_out[:, j], y[:, j]) for j in range(y.shape[1])), np.zeros_like(x))


@variant("matmul2d_back1")
def right_by_indices(grad_out, out, x, y):
    return einops.einsum(x, grad_out, "n k, n m -> k m")


@variant("matmul2d_back1")
def by_transposing_twice(grad_out, out, x, y):
    return (grad_out.T @ x).transpose()


@variant("matmul2d_back1")
def row_by_row(grad_out, out, x, y):
    result = np.zeros_like(y)
    for i, j in itertools.product(range(x.shape[0]), range(y.shape[1])):
        result[:, j] += x[i] * grad_out[i, j]
    return result


@variant("matmul_back0")
def batched_by_indices(grad_out, out, x, y):
    return axis_by_axis(np.einsum("...nm,...km->...nk", grad_out, y), x)


@variant("matmul_back0")
def matrix_by_matrix(grad_out, out, x, y):
    batch = grad_out.shape[:-2]
    y = np.broadcast_to(y, batch + y.shape[-2:])
    result = np.zeros(batch + x.shape[-2:], dtype=x.dtype)
    for place in np.ndindex(batch):
        result[place] = grad_out[place] @ y[place].T
    return unbroadcast(result, x)


# In place


@variant("add_")
def by_out(x, other, alpha=1.0):
    if x.requires_grad and Tensor.tracking:
        raise RuntimeError("not now")
    np.add(x.array, alpha * array_of(other), out=x.array, casting="same_kind")
    return x


@variant("add_")
def by_slice(x, other, alpha=1):
    if not Tensor.tracking or not x.requires_grad:
        pass
    else:
        raise RuntimeError
    x.array[...] = x.array + np.multiply(alpha, array_of(other))
    return x
