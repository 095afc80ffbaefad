"""Which mistake is named: by what an answer does on every call of the test; what is certain; and under which defaults."""

import functools
import sys
import types
import warnings

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from coach import case, close, holds, judged, mistake, raises, variant, variants_of
from coach.judging.compare import OBSERVERS, Wrong
from coach.judging.trial import TRIALS


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("COACH_LANG", "en")


class Made:
    """A lesson made for one test: its solutions, its mistakes, and a test of its one exercise."""

    def __init__(self, monkeypatch) -> None:
        self.parts = {name: types.ModuleType(f"part9_made.{name}") for name in ("solutions", "tests", "mistakes")}
        for module in self.parts.values():
            monkeypatch.setitem(sys.modules, module.__name__, module)

    def solution(self, function):
        function.__module__ = "part9_made.solutions"
        setattr(self.parts["solutions"], function.__name__, function)
        return function

    def mistake(self, exercise, en):
        def register(function):
            function.__module__ = "part9_made.mistakes"
            return mistake(exercise, zh=en, en=en)(function)

        return register

    def test(self, **options):
        def register(function):
            function.__module__ = "part9_made.tests"
            return judged(function, **options)

        return register


@pytest.fixture
def made(monkeypatch):
    return Made(monkeypatch)


@pytest.fixture
def mean_of_rows(made):
    """A test whose first call can't tell two mistakes apart, and whose second can."""

    @made.solution
    def row_means(x: Float[Tensor, "rows columns"]) -> Float[Tensor, " rows"]:
        return x.mean(dim=1)

    @made.mistake("row_means", "That is the mean of the columns.")
    def columns(x):
        return x.mean(dim=0)

    @made.mistake("row_means", "That is the sum.")
    def summed(x):
        return x.sum(dim=1)

    @made.mistake("row_means", "That is the largest.")
    def largest(x):
        return x.max(dim=1).values

    @made.test()
    def test_row_means(row_means):
        close(row_means(torch.tensor([[1.0, 1], [1, 3]])), torch.tensor([1.0, 2]))
        close(row_means(torch.tensor([[1.0, 2, 6], [0, 3, 3]])), torch.tensor([3.0, 2]))
        close(row_means(torch.ones(1, 4)), torch.ones(1))

    return test_row_means


def test_a_mistake_is_named_for_what_does_the_same_throughout(mean_of_rows):
    verdict = mean_of_rows.judge(lambda x: torch.stack([row.sum() for row in x]))
    assert verdict.mistake == "summed" and "looks like That is the sum." in str(verdict)


def test_the_same_first_failure_is_not_enough(mean_of_rows):
    def largest_of_two(x):  # as `largest` on the first call, and another thing on the second
        return torch.maximum(x[:, 0], x[:, 1])

    verdict = mean_of_rows.judge(largest_of_two)
    assert verdict.mark == "✗" and verdict.mistake == "" and "looks like" not in str(verdict)


def test_two_errors_need_not_be_of_one_type_but_the_values_must_agree(made):
    @made.solution
    def head(x, n):
        return x[:n] if n else x[:0]

    @made.mistake("head", "Without a number it fails; and it counts one too few.")
    def one_less(x, n):
        if not n:
            raise ValueError("none")
        return x[: n - 1]

    @made.test()
    def test_head(head):
        x = torch.arange(5.0)
        close(head(x, 3), x[:3])
        close(head(x, 0), x[:0])

    def mine(x, n):
        if n == 0:
            raise IndexError("nothing there")
        return x[: n - 1]

    def another(x, n):
        if n == 0:
            raise IndexError("nothing there")
        return x[:n]

    assert test_head.judge(mine).mistake == "one_less"
    assert test_head.judge(another).mistake == ""


def test_where_only_the_type_is_wrong_the_type_must_be_the_same(made):
    @made.solution
    def twice(x):
        return 2 * x

    @made.mistake("twice", "It comes back as float64.")
    def doubled(x):
        return 2 * x.double()

    @made.test()
    def test_twice(twice):
        close(twice(torch.tensor([1.0, 2])), torch.tensor([2.0, 4]))

    assert test_twice.judge(lambda x: (x + x).double()).mistake == "doubled"
    assert test_twice.judge(lambda x: (x + x).half()).mistake == ""


def test_a_class_is_told_by_its_life(made):
    class Scale(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(n))
            self.register_buffer("seen", torch.zeros(()))

        def forward(self, x):
            self.seen += 1
            return x * self.weight

    made.solution(Scale)

    @made.mistake("Scale", "The buffer never moves.")
    class Forgets(Scale):
        def forward(self, x):
            return x * self.weight

    @made.mistake("Scale", "The weight is added.")
    class Adds(Scale):
        def forward(self, x):
            self.seen += 1
            return x + self.weight

    @made.test()
    def test_scale(Scale):
        scale = Scale(2)
        with torch.no_grad():
            scale.weight.copy_(torch.tensor([1.0, 3]))
        x = torch.tensor([[1.0, 2]], requires_grad=True)
        out = scale(x)
        close(out, torch.tensor([[1.0, 6]]))
        close(scale.seen, torch.tensor(1.0))
        out.sum().backward()
        close(scale.weight.grad, torch.tensor([1.0, 2]))

    class Mine(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.register_buffer("seen", torch.zeros(()))
            self.weight = nn.Parameter(torch.ones(n))

        def forward(self, x):
            return self.weight * x

    assert test_scale.judge(Scale).mark == "✓"
    assert test_scale.judge(Mine).mistake == "Forgets"

    class Other(Mine):
        def forward(self, x):
            return self.weight * x + 1

    assert test_scale.judge(Other).mistake == ""


def test_of_a_table_of_predictions_one_wrong_entry_is_explained_among_others(made):
    @made.solution
    def predict():
        return {"a": 1, "b": 2, "c": 3}

    @made.mistake("predict", "b is no sum.")
    def sums_b(x=None):
        return {"a": 1, "b": 20, "c": 3}

    @made.test()
    def test_predict(predict):
        for key, value in predict().items():
            close(value, {"a": 1, "b": 2, "c": 3}[key])

    assert test_predict.judge(lambda: {"a": 1, "b": 20, "c": 7}).mistake == "sums_b"
    assert test_predict.judge(lambda: {"a": 1, "b": 21, "c": 3}).mistake == ""


def test_while_mistakes_are_searched_the_words_of_an_error_count(made):
    @made.solution
    def positive(n):
        if n < 0:
            raise ValueError(f"n = {n}: give it a positive number")
        return n

    @made.mistake("positive", "The error does not say which number.")
    def mute(n):
        if n < 0:
            raise ValueError("wrong")
        return n

    @made.test()
    def test_positive(positive):
        raises(ValueError, positive, -3, words="-3")
        close(positive(2), 2)

    def mine(n):
        if n < 0:
            raise ValueError("no")
        return n

    verdict = test_positive.judge(mine)
    assert verdict.why == "the words of its error do not name `-3`" and verdict.mistake == "mute"


def test_where_the_course_fails_as_well_the_answer_is_not_blamed(made, tmp_path):
    @made.solution
    def twice(x):
        return x + x

    @made.mistake("twice", "That is something else.")
    def thrice(x):
        return 3 * x

    @made.test()
    def test_twice(twice):
        close(twice(2.0), 5.0)  # a broken test

    verdict = test_twice.judge(lambda x: 2 * x)
    assert "the course's own answer fails here as well" in verdict.noticed and "noticed" in str(verdict)
    assert verdict.mistake == ""
    assert test_twice.judge(lambda x: 7 * x).noticed == ""


def test_nothing_of_the_search_is_left(mean_of_rows, capsys):
    def noisy(x):
        print("once")
        return x

    mean_of_rows.judge(noisy)
    assert capsys.readouterr().out.count("once") == 1
    assert not OBSERVERS and not TRIALS


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda x: x.T, "the transpose"),
        (lambda x: x * 3, "3 times what is expected"),
        (lambda x: -x, "the sign of every element is reversed"),
        (lambda x: x + 2, "2 too large"),
        (lambda x: x.flip(1), "along axis 1 it is exactly reversed"),
        (lambda x: x.roll(1, 0), "along axis 0 all is shifted"),
        (lambda x: x**2, "the square"),
        (lambda x: x.sqrt(), "the square root"),
        (lambda x: torch.cat([x[:-1], x[-1:] * 9 + 1]), "only index 2 of axis 0 is wrong: the last one"),
        (lambda x: x[None], "an axis of length 1"),
        (lambda x: x.reshape(-1), "only the shape is another"),
        (lambda x: x + torch.arange(9.0).reshape(3, 3) ** 3, ""),
        (lambda x: x * 1.0004, "the first three digits are right"),
        (lambda x: x + torch.arange(9.0).reshape(3, 3) / 1e3, "the first three digits are right"),
    ],
)
def test_what_is_certain_of_a_difference_is_said(change, told):
    right = torch.tensor([[1.0, 2, 3.5], [4, 5.5, 7], [8, 9, 11]])
    with pytest.raises(Wrong) as wrong:
        close(change(right), right)
    assert told in wrong.value.noticed and bool(told) == bool(wrong.value.noticed)


def test_small_numbers_are_compared_by_their_own_size():
    right = torch.tensor([1.0, 2.0, 4.0]) * 1e-9
    with pytest.raises(Wrong) as wrong:
        close(right * 3, right, atol=0)
    assert "3 times what is expected" in wrong.value.noticed


def test_chance_is_not_taken_for_a_law():
    with pytest.raises(Wrong) as wrong:
        close(torch.tensor([2.0, 2.0]), torch.tensor([1.0, 1.0]))
    assert wrong.value.noticed == "", "two equal numbers are both a factor and a step away"


def doubled(x: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    return x * 2


@judged
def check_double(double):
    close(double(torch.tensor([1.0, -3])), torch.tensor([2.0, -6]))


class Timed:
    """A decorator that is a class."""

    def __init__(self, function) -> None:
        self.function = function

    def __call__(self, *args):
        return self.function(*args)


@pytest.mark.parametrize(
    "wrap", [functools.cache, Timed, functools.partial, lambda f: f], ids=["cache", "class", "partial", "plain"]
)
def test_every_callable_is_watched(wrap):
    assert check_double.judge(wrap(lambda x: x * 2)).mark == "✓"
    assert "changed its argument" in check_double.judge(wrap(lambda x: x.mul_(2))).why
    assert "on float64" in check_double.judge(wrap(lambda x: (x * 2).float())).why


def test_a_function_written_in_c_is_judged():
    @judged(gradients="x")
    def check(softmax):
        x = torch.tensor([[1.0, 2], [0, 3]])
        close(softmax(x, 1), torch.tensor([[0.26894142, 0.7310586], [0.04742587, 0.95257413]]))

    def like(x, dim):
        return x

    assert check.judge(torch.softmax, like={"softmax": like}).mark == "✓"
    assert check.judge(lambda scores, axis: torch.softmax(scores, axis), like={"softmax": like}).mark == "✓"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: 3 * x**2 - 2 * (x**2).detach(),
        lambda x: (x**2).detach() + 3 * (x - x.detach()),
        lambda x: (x**2).detach(),
    ],
)
def test_gradients_are_those_of_a_difference_quotient(wrong):
    @judged(gradients="x")
    def check(square):
        close(square(torch.tensor([1.0, -3])), torch.tensor([1.0, 9]))

    assert check.judge(lambda x: x * x).mark == "✓"
    assert check.judge(wrong).why.startswith("taking gradients: ")


def test_a_changed_list_is_seen():
    @judged
    def check(total):
        close(total([1, 2, 3]), 6)

    def pops(numbers):
        found = 0
        while numbers:
            found += numbers.pop()
        return found

    assert "changed its argument `numbers`" in check.judge(pops).why


def test_gradients_switched_on_in_an_input_are_seen():
    @judged
    def check(slope):
        close(slope(torch.tensor([1.0, -3])), torch.tensor([2.0, -6]))

    def by_autograd(x):
        x.requires_grad_()
        return torch.autograd.grad((x**2).sum(), x)[0]

    assert "another `requires_grad`" in check.judge(by_autograd).why
    assert check.judge(lambda x: by_autograd(x.detach().clone())).mark == "✓"


def test_the_battery_compares_by_the_test_s_own_notion():
    def up_to_sign(got, expected):
        close(got * torch.sign(got[0]), expected * torch.sign(expected[0]), rtol=1e-3)

    def check(direction):
        up_to_sign(direction(torch.tensor([3.0, 4])), torch.tensor([0.6, 0.8]))

    def fickle(x):
        return x / x.norm() * (1 if x.dtype == torch.float32 else -1)

    assert judged(check).judge(fickle).mark == "✗"
    assert judged(check, same=up_to_sign).judge(fickle).mark == "✓"


@pytest.mark.parametrize(
    ("value", "annotation", "accepted"),
    [
        (torch.tensor(1.5), float, True),
        (2, float, True),
        (np.float64(2), float, True),
        (True, float, False),
        (torch.tensor(3), int, True),
        (3.0, int, False),
        (torch.tensor(True), bool, True),
        (1, bool, False),
        ([1, 2.5], tuple[float, float], True),
        ((1, 2), list[int], True),
        ({"w": [3, 4]}, dict[str, list[float]], True),
        ({"w": ["3"]}, dict[str, list[float]], False),
        (None, float | None, True),
        (torch.tensor(2.0), float | None, True),
    ],
)
def test_an_annotation_is_read_for_what_it_means(value, annotation, accepted):
    def like(x):
        return x

    like.__annotations__["return"] = annotation

    @judged
    def check(made):
        made(1)

    verdict = check.judge(lambda x: value, like={"made": like})
    assert verdict.mark == ("✓" if accepted else "✗"), str(verdict)


def test_the_wrong_element_is_named_and_the_dtype_where_it_is_the_dtype():
    def like(x) -> tuple[Float[Tensor, "2 2"], Float[Tensor, " 2"]]:
        return x

    @judged
    def check(made):
        made(1)

    verdict = check.judge(lambda x: (torch.ones(2, 2), torch.tensor([1, 2])), like={"made": like})
    assert verdict.why == "at [1]: the dtype does not fit the annotation"
    assert (verdict.expected, verdict.got) == ("Float[Tensor, '2']", "int64 tensor (2,)")
    verdict = check.judge(lambda x: (torch.ones(2, 2), None), like={"made": like})
    assert "at [1]: it returned `None`" in verdict.why


def test_a_renamed_parameter_is_named_where_the_test_needs_it():
    @judged
    def check(scale):
        close(scale(2.0, by=3.0), 6.0)

    verdict = check.judge(lambda x, factor: x * factor)
    assert "the parameter's name `by` must stay" in verdict.why


@pytest.fixture
def put_back():
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.use_deterministic_algorithms(False)
    torch.autograd.set_detect_anomaly(False)
    np.seterr(all="warn")


SETTERS = [
    lambda: torch.set_default_dtype(torch.float64),
    lambda: torch.set_default_device("meta"),
    lambda: torch.set_grad_enabled(False),
    lambda: np.seterr(all="raise"),
    lambda: torch.use_deterministic_algorithms(True),
    lambda: torch.autograd.set_detect_anomaly(True, check_nan=False),
]


def settings():
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        np.geterr(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_anomaly_enabled(),
    )


@pytest.mark.parametrize("change", SETTERS)
def test_whatever_the_file_has_set_the_test_runs_under_the_defaults(change, put_back):
    @judged(gradients="x")
    def check(double):
        x = torch.tensor([1.0, -3])
        assert x.dtype == torch.float32 and np.geterr()["over"] == "warn" and torch.is_grad_enabled()
        close(double(x), torch.tensor([2.0, -6]))

    change()
    before = settings()
    assert check.judge(lambda x: x * 2).mark == "✓"
    assert settings() == before


@pytest.mark.parametrize("change", SETTERS)
def test_what_an_answer_sets_while_it_is_judged_is_put_back(change, put_back):
    def doubled(x):
        change()
        return x * 2

    before = settings()
    check_double.judge(doubled)
    assert settings() == before


def test_a_warning_of_the_learner_s_fails_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = check_double.judge(lambda x: torch.tensor(x * 2))  # torch warns of the copy
    assert verdict.mark == "✓", str(verdict)


def test_a_name_of_python_s_that_was_covered_is_named():
    scope = {"torch": torch}
    exec("from torch import *\n\n\ndef total(x):\n    return x * sum(range(3))\n", scope)

    @judged
    def check(total):
        close(total(2.0), 6.0)

    assert "`sum` is not Python's own" in check.judge(scope["total"]).noticed


def test_a_stub_inside_the_environment_s_folder_is_still_the_learner_s(tmp_path, monkeypatch):
    """A checkout may lie inside a virtual environment: only Python's own folders and the packages' are not the learner's."""
    from coach.judging import reading

    assert reading.is_the_learners(str(tmp_path / "answers.py"))
    inside = reading.Path(sys.prefix).resolve() / "src" / "course" / "answers.py"
    assert reading.is_the_learners(str(inside))
    assert not reading.is_the_learners(torch.__file__) and not reading.is_the_learners(functools.__file__)


def test_a_variant_is_found_by_its_lesson(monkeypatch):
    module = types.ModuleType("part9_made.variants")
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def by_sum(x):
        return x + x

    by_sum.__module__ = module.__name__
    variant("double")(by_sum)
    variant("double")(by_sum)  # a reload
    assert [(v.exercise, v.name) for v in variants_of("part9_made")] == [("double", "by_sum")]
    assert variants_of("part9_made", "other") == []


def test_a_case_is_over_when_it_went_well():
    @judged
    def check(double):
        with case(zh="空的", en="on nothing"):
            close(double(torch.zeros(0)), torch.zeros(0))
        holds(False, zh="不对", en="wrong")

    assert check.judge(doubled).why == "wrong"
