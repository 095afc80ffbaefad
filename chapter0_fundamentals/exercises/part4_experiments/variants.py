"""Right answers of the lesson on experiments, each written in another way; the tests accept them all."""

import contextlib
import copy
import dataclasses
import io
import json
import math
import os
import pathlib
import shutil
import statistics
import tempfile
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coach import variant
from part4_experiments import solutions

# Write down every run


@variant("update_args")
def by_copy(args, sampled):
    new = copy.copy(args)
    for name, value in sampled.items():
        if not name.isidentifier() or name not in type(args).__dataclass_fields__:
            raise ValueError(name)
        object.__setattr__(new, name, value)  # a frozen one, too
    return new


@variant("update_args")
def by_constructor(args, sampled):
    values = {field.name: getattr(args, field.name) for field in dataclasses.fields(args)}
    extra = sampled.keys() - values.keys()
    if extra:
        raise ValueError(f"unknown: {', '.join(extra)}")
    return type(args)(**(values | dict(sampled)))


@variant("update_args")
def by_catching(args, sampled):
    try:
        return dataclasses.replace(args, **sampled)
    except TypeError as error:
        raise ValueError(f"no such field: {list(sampled)}") from error


@variant("RunLog")
class OpensEachTime:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        os.makedirs(self.path.parent, exist_ok=True)
        if self.path.exists() and (content := self.path.read_bytes()) and not content.endswith(b"\n"):
            with open(self.path, "ab") as file:
                file.write(b"\n")

    def log(self, record):
        text = json.dumps(record, default=float, ensure_ascii=False)
        with self.path.open("a", encoding="utf8") as file:
            print(text, file=file)

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


@variant("RunLog")
class InBytes(solutions.RunLog):
    def __init__(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(path, "ab+", buffering=0)  # noqa: SIM115
        if size := self.file.seek(0, os.SEEK_END):
            self.file.seek(size - 1)
            if self.file.read(1) != b"\n":
                self.file.write(b"\n")

    def log(self, record):
        def number(value):
            if isinstance(value, torch.Tensor | np.generic):
                return value.item()
            raise TypeError(type(value))

        self.file.write((json.dumps(record, default=number) + "\n").encode())


class Encoder(json.JSONEncoder):
    def default(self, o):
        return o.tolist() if getattr(o, "ndim", 1) == 0 else o.detach().reshape(()).tolist()


@variant("RunLog")
class LineBuffered(solutions.RunLog):
    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        torn = False
        if os.path.exists(path) and os.path.getsize(path):
            with open(path, "rb") as file:
                torn = file.readlines()[-1][-1:] != b"\n"
        self.file = open(path, mode="a", buffering=1, encoding="utf-8")  # noqa: SIM115
        if torn:
            self.file.write("\n")

    def log(self, record):
        self.file.write(json.dumps({**record}, cls=Encoder, ensure_ascii=False) + "\n")


@variant("RunLog")
class WithoutFile:
    """Nothing but what the statement asks: `close` is its own."""

    def __init__(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.stream = path.open("a", encoding="utf-8")
        if path.stat().st_size and path.read_text(encoding="utf-8", errors="ignore")[-1] != "\n":
            self.stream.write("\n")
            self.stream.flush()

    def log(self, record):
        text = json.dumps(
            record, default=lambda value: float(value.detach()) if hasattr(value, "detach") else float(value)
        )
        self.stream.write(text)
        self.stream.write("\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())

    def close(self):
        self.stream.close()

    __enter__ = solutions.RunLog.__enter__
    __exit__ = solutions.RunLog.__exit__


@variant("read_log")
def line_by_line_in_bytes(path):
    if not os.path.exists(path):
        return []
    found = []
    for line in pathlib.Path(path).read_bytes().split(b"\n"):
        with contextlib.suppress(ValueError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
            found.append(json.loads(line.decode("utf-8")))
    return found


@variant("read_log")
def only_whole_lines(path):
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8", errors="ignore")
    except FileNotFoundError:
        return []

    def parsed(line):
        try:
            return [json.loads(line)]
        except json.JSONDecodeError:
            return []

    return [record for line in text.split("\n")[:-1] for record in parsed(line)]


@variant("read_log")
def by_shape(path):
    """Only what begins and ends with a brace is tried."""
    records = []
    if pathlib.Path(path).exists():
        with open(path, "rb") as file:
            for line in file:
                line = line.strip()
                if line[:1] == b"{" and line[-1:] == b"}":
                    with contextlib.suppress(json.JSONDecodeError):  # it may be an inner dictionary's
                        records.append(json.loads(line.decode("utf-8", "replace")))
    return records


# A trainer


@variant("training_step")
def with_torchs_clipping(model, optimizer, scheduler, images, labels, max_norm):
    model.train()
    optimizer.zero_grad(set_to_none=False)
    lr = scheduler.get_last_lr()[0]
    loss = nn.CrossEntropyLoss()(model(images), labels)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    scheduler.step()
    return {"lr": lr, "grad_norm": norm.item(), "loss": loss.detach().item()}


@variant("training_step")
def clipped_by_hand(model, optimizer, scheduler, images, labels, max_norm):
    model.train(True)
    for p in model.parameters():
        p.grad = None
    found = {"lr": optimizer.param_groups[0]["lr"]}
    log_probs = model(images).log_softmax(dim=-1)
    loss = -log_probs[torch.arange(len(labels)), labels].mean()
    loss.backward()
    grads = [p.grad for group in optimizer.param_groups for p in group["params"]]
    norm = torch.cat([grad.flatten() for grad in grads if grad is not None]).norm()
    if norm > max_norm:
        for grad in grads:
            if grad is not None:
                grad.copy_(grad / norm * max_norm)
    optimizer.step()
    scheduler.step()
    return found | {"loss": float(loss.detach()), "grad_norm": float(norm)}


@variant("training_step")
def values_as_tensors(model, optimizer, scheduler, images, labels, max_norm):
    """A tensor without axes is as good as a number here."""
    model.train()
    optimizer.zero_grad()
    loss = F.nll_loss(F.log_softmax(model(images), -1), labels)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], max_norm)
    lr = optimizer.param_groups[-1]["lr"]
    optimizer.step()
    scheduler.step()
    return dict(loss=loss.item(), grad_norm=float(norm), lr=float(lr))


# Killed, and resumed


@variant("capture_state")
def one_by_one(trainer):
    return {
        "epoch": trainer.epoch,
        "torch": torch.default_generator.get_state().clone(),
        "order": trainer.order.get_state().clone(),
        "model": {key: value.detach().clone() for key, value in trainer.model.state_dict().items()},
        "optimizer": copy.deepcopy(trainer.optimizer.state_dict()),
        "scheduler": copy.deepcopy(trainer.scheduler.state_dict()),
    }


@variant("capture_state")
def through_a_file(trainer):
    state = dict(model=trainer.model.state_dict(), optimizer=trainer.optimizer.state_dict(), epoch=trainer.epoch)
    state.update(scheduler=trainer.scheduler.state_dict(), order=trainer.order.get_state(), torch=torch.get_rng_state())
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@variant("restore_state")
def copied_part_by_part(trainer, state):
    torch.random.set_rng_state(state["torch"].clone())
    trainer.order.set_state(state["order"].clone())
    trainer.epoch = int(state["epoch"])
    trainer.model.load_state_dict(state["model"])  # copies into the parameters
    trainer.scheduler.load_state_dict(copy.deepcopy(state["scheduler"]))
    trainer.optimizer.load_state_dict(copy.deepcopy(state["optimizer"]))


@variant("restore_state")
def by_hand_into_parameters(trainer, state):
    with torch.no_grad():
        for key, value in trainer.model.state_dict().items():
            value.copy_(state["model"][key])
    for name in ("optimizer", "scheduler"):
        getattr(trainer, name).load_state_dict(copy.deepcopy(state[name]))
    trainer.order.set_state(state["order"])
    torch.default_generator.set_state(state["torch"])
    trainer.epoch = state["epoch"]


@variant("save_checkpoint")
def by_path_methods(path, state):
    os.makedirs(path.parent, exist_ok=True)
    temporary = path.parent / f".{path.name}.{os.getpid()}"
    with temporary.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file)
    temporary.replace(path)


@variant("save_checkpoint")
def first_in_memory(path, state):
    buffer = io.BytesIO()
    torch.save(state, buffer)
    path.parent.mkdir(exist_ok=True, parents=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(buffer.getbuffer())
        file.flush()
        os.fsync(handle)
    os.replace(name, path)


@variant("save_checkpoint")
def cleans_up(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    try:
        torch.save(dict(state), str(beside))
        with open(beside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@variant("save_checkpoint")
def in_a_folder_of_its_own(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        beside = os.path.join(folder, "half")
        with open(beside, "wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)


@variant("save_checkpoint")
def by_move(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / "temporary"
    with open(beside, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    shutil.move(beside, path)  # a renaming, within one folder


@variant("load_checkpoint")
def by_trying(path):
    try:
        return torch.load(path, torch.device("cpu"), weights_only=True)
    except FileNotFoundError:
        return None


@variant("load_checkpoint")
def by_opening(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return torch.load(file, map_location=lambda storage, place: storage, weights_only=True)


# Reading loss curves


@variant("diagnose")
def by_order():
    order = (3, 1, 5, 0, 4, 2)
    return {letter: solutions.CAUSES[i] for letter, i in zip("ABCDEF", order, strict=True)}


@variant("EarlyStopping")
class KeepsAll:
    """Looks at the whole history each time."""

    def __init__(self, patience):
        self.patience, self.losses = patience, []

    @property
    def _order(self):
        return [i for i, loss in enumerate(self.losses) if not math.isnan(loss)]

    @property
    def best_epoch(self):
        return min(self._order, key=lambda i: self.losses[i], default=None)

    @property
    def best_loss(self):
        return math.inf if self.best_epoch is None else self.losses[self.best_epoch]

    def update(self, loss):
        self.losses.append(loss)
        best = -1 if self.best_epoch is None else self.best_epoch
        return len(self.losses) - 1 - best >= self.patience


@variant("EarlyStopping")
@dataclasses.dataclass
class AsDataclass:
    patience: int
    best_loss: float = float("inf")
    best_epoch: int = -1
    calls: int = -1

    def update(self, loss):
        self.calls += 1
        better = bool(np.less(loss, self.best_loss))
        if better:
            self.best_loss, self.best_epoch = float(loss), self.calls
        return self.calls - self.best_epoch >= self.patience


# The noise of seeds


@variant("standard_error")
def by_torch(values):
    if len(values) <= 1:
        raise ValueError("more runs, please")
    values = torch.tensor(list(values), dtype=torch.float64)
    return (values.std() / len(values) ** 0.5).item()


@variant("standard_error")
def by_numpy(values):
    n = len(values)
    if not n > 1:
        raise ValueError
    return np.std(values, ddof=1) / np.sqrt(n)


@variant("standard_error")
def by_sums(values):
    try:
        mean = statistics.mean(values)
        return math.sqrt(sum((x - mean) ** 2 for x in values) / (len(values) * (len(values) - 1)))
    except (ZeroDivisionError, statistics.StatisticsError) as error:
        raise ValueError("at least two") from error


@variant("compare_seeds")
def sorted_by_seed(before, after):
    if sorted(before) != sorted(after) or len(before) < 2:
        raise ValueError
    seeds = sorted(before)
    d = np.array([after[s] for s in seeds]) - np.array([before[s] for s in seeds])
    return d.mean(), d.std(ddof=1) / len(d) ** 0.5


@variant("compare_seeds")
def in_torch(before, after):
    if before.keys() ^ after.keys():
        raise ValueError("seeds differ")
    if len(after) <= 1:
        raise ValueError("one seed")
    d = torch.tensor([after[seed] - before[seed] for seed in after], dtype=torch.float64)
    return d.mean().item(), d.std().item() / math.sqrt(d.numel())


@variant("compare_seeds")
def difference_of_means(before, after):
    if before.keys() != after.keys():
        raise ValueError("not the same seeds")
    error = solutions.standard_error([after[key] - value for key, value in before.items()])
    return statistics.mean(after.values()) - statistics.mean(before.values()), error


# Finding hyperparameters


@variant("sample_log_uniform")
def by_exp(low, high, generator):
    if low <= 0 or low > high:
        raise ValueError(f"{low}..{high}")
    return math.exp(torch.empty(1).uniform_(math.log(low), math.log(high), generator=generator).item())


@variant("sample_log_uniform")
def by_powers_of_ten(low, high, generator):
    if not low > 0:
        raise ValueError("low")
    if high < low:
        raise ValueError("order")
    a, b = math.log10(low), math.log10(high)
    return float(10 ** (b - (b - a) * torch.rand(1, generator=generator)[0].item()))


@variant("sample_log_uniform")
def by_numpy_seeded(low, high, generator):
    """Another library's generator, which draws its seed from the one given."""
    if low <= 0 or high < low:
        raise ValueError
    seed = int(torch.randint(2**31, (1,), generator=generator))
    return float(np.exp(np.random.default_rng(seed).uniform(np.log(low), np.log(high))))


@variant("random_search")
def sorted_afterwards(train, args, space, trials, seed, log):
    generator = torch.Generator()
    generator.manual_seed(seed)
    tried = []
    for trial in range(trials):
        sampled = {}
        for name in space:
            sampled[name] = space[name](generator)
        settings = dataclasses.replace(args, **sampled)
        tried.append((train(settings), settings))
        log.log(dict(score=tried[-1][0], trial=trial, sampled=sampled))
    finished = [one for one in tried if one[0] == one[0]]
    score, settings = max(finished, key=lambda one: one[0])
    return settings, score


@variant("random_search")
def drawn_first(train, args, space, trials, seed, log):
    generator = torch.Generator(device="cpu").manual_seed(seed)
    drawn = [{name: draw(generator) for name, draw in space.items()} for _ in range(trials)]
    scores = []
    for trial, sampled in enumerate(drawn):
        scores.append(train(solutions.update_args(args, sampled)))
        log.log({"trial": trial, "sampled": sampled, "score": scores[-1]})
    best = int(np.nanargmax(scores))
    return solutions.update_args(args, drawn[best]), scores[best]


# The record of experiments


@variant("run_experiment")
def seed_by_seed(train, args, change, hypothesis, seeds, log):
    if not hypothesis or hypothesis.isspace():
        raise ValueError("write a hypothesis")
    names = {field.name for field in dataclasses.fields(args)}
    if not set(change) <= names:
        raise ValueError(f"no setting {set(change) - names}")
    log.log(dict(change=change, hypothesis=hypothesis))
    differences = []
    for seed in seeds:
        pair = [train(dataclasses.replace(args, **({**extra, "seed": seed}))) for extra in (change, {})]
        differences.append(pair[0] - pair[1])
    mean = sum(differences) / len(differences)
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    conclusion = "no difference seen"
    if abs(mean) > 2 * error:
        conclusion = "better" if mean > 0 else "worse"
    log.log({"conclusion": conclusion, "result": (mean, error)})
    return mean, error


@variant("run_experiment")
def with_solutions(train, args, change, hypothesis, seeds, log):
    if hypothesis.strip() == "":
        raise ValueError("empty")
    solutions.update_args(args, change)
    log.log({"hypothesis": hypothesis, "change": change})
    before, after = {}, {}
    for seed in seeds:
        before[seed] = train(solutions.update_args(args, {"seed": seed}))
        after[seed] = train(solutions.update_args(args, change | {"seed": seed}))
    result = solutions.compare_seeds(before, after)
    verdicts = {1: "better", -1: "worse", 0: "no difference seen"}
    sign = (result[0] > 2 * result[1]) - (result[0] < -2 * result[1])
    log.log({"result": list(result), "conclusion": verdicts[sign]})
    return result


@variant("training_step")
def through_a_namespace(model, optimizer, scheduler, images, labels, max_norm):
    model.train()
    state = SimpleNamespace(lr=scheduler.get_last_lr()[0])
    state.loss = F.cross_entropy(model(images), labels, reduction="sum") / len(labels)
    optimizer.zero_grad()
    state.loss.backward()
    state.norm = nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    scheduler.step()
    return {"loss": state.loss.item(), "grad_norm": state.norm.item(), "lr": state.lr}


@variant("capture_state")
def with_more_generators(trainer):
    return solutions.capture_state(trainer) | {"numpy": np.random.default_rng(0).bit_generator.state, "version": 1}


@variant("training_step")
def with_more_numbers(model, optimizer, scheduler, images, labels, max_norm):
    found = solutions.training_step(model, optimizer, scheduler, images, labels, max_norm)
    return found | {"clipped": found["grad_norm"] > max_norm}


@variant("standard_error")
def in_float32(values):
    if len(values) < 2:
        raise ValueError(f"{len(values)} values")
    return float(torch.tensor([float(value) for value in values]).std() / math.sqrt(len(values)))


@variant("compare_seeds")
def in_float32_pairs(before, after):
    if set(before) != set(after) or len(before) < 2:
        raise ValueError("seeds")
    differences = torch.tensor([float(after[seed] - before[seed]) for seed in sorted(before)])
    return float(differences.mean()), float(differences.std() / len(differences) ** 0.5)


@variant("sample_log_uniform")
def in_float32_logs(low, high, generator):
    if not (0 < low <= high):
        raise ValueError("bad range")
    ends = torch.tensor([low, high]).log()
    return torch.exp(ends[0] + torch.rand(1, generator=generator) * (ends[1] - ends[0])).item()


@variant("sample_log_uniform")
def by_uniform_between_exponents(low, high, generator):
    if low > high or low <= 0:
        raise ValueError("bad range")
    return 10.0 ** float(torch.empty(()).uniform_(math.log10(low), math.log10(high), generator=generator))


@variant("run_experiment")
def notes_the_seeds(train, args, change, hypothesis, seeds, log):
    seeds = tuple(seeds)

    class More:
        def log(self, record):
            log.log({**record, "seeds": seeds})

    return solutions.run_experiment(train, args, change, hypothesis, seeds, More())


@variant("random_search")
def with_infinite_nan(train, args, space, trials, seed, log):
    """NaN is taken for minus infinity, but logged as it is."""
    generator = torch.Generator()
    generator.manual_seed(seed)
    results = []
    for trial in range(trials):
        sampled = {name: space[name](generator) for name in space}
        candidate = solutions.update_args(args, sampled)
        score = train(candidate)
        log.log({"trial": trial, "sampled": sampled, "score": score, "time": 0.0})
        results.append((-math.inf if math.isnan(score) else score, -trial, candidate))
    score, _, candidate = max(results, key=lambda one: one[:2])
    return candidate, score


@variant("EarlyStopping")
class CountsDown:
    def __init__(self, patience):
        self.patience = self.left = patience
        self.best_loss, self.best_epoch, self.epoch = float("inf"), None, 0

    def update(self, loss):
        improved = loss < self.best_loss
        if improved:
            self.best_loss = loss
            self.best_epoch = self.epoch
            self.left = self.patience
        else:
            self.left -= 1
        self.epoch += 1
        return self.left <= 0


@variant("diagnose")
def as_literal():
    return {
        "F": "batches sorted by class",
        "E": "all weights start at zero",
        "D": "learning rate too high",
        "C": "trains too long on too little data",
        "B": "learning rate too low",
        "A": "gradients never cleared",
    }
