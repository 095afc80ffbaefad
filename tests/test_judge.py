"""Verdicts: what a test says of a function that is unwritten, wrong or right, and how it finds the likely mistake."""

import math
import sys
import types
from fractions import Fraction

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from coach import calling, calls, case, close, holds, judged, mistake, raises, shares_memory, without
from coach.judging.compare import Wrong, brief
from coach.judging.judge import Unwritten, WrongAnswer
from coach.judging.verdict import without_sentences
from coach.words import printable


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("COACH_LANG", "en")


def doubled(x: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    return x * 2


@judged
def check_double(double):
    close(double(torch.tensor([1.0, -3])), torch.tensor([2.0, -6]))
    close(double(torch.tensor([0.5, 4, 1])), torch.tensor([1.0, 8, 2]))


def test_right():
    verdict = check_double.judge(doubled)
    assert verdict.mark == "✓" and str(verdict) == "✓ double"


def test_unwritten_is_told_from_every_other_not_implemented_error():
    def double(x):
        raise NotImplementedError

    def quadruple(x):
        return single(x)

    def single(x):
        raise NotImplementedError

    def says_why(x):
        raise NotImplementedError("no such device")

    assert check_double.judge(double).mark == "○"
    assert "needs `single`" in check_double.judge(quadruple).why
    assert check_double.judge(says_why).mark == "✗"
    assert check_double.judge(lambda x: x.to("meta").tolist()).mark == "✗"  # torch's own NotImplementedError


@judged
def check_maker(maker):
    close(maker()(torch.ones(2)), torch.ones(2))


def test_a_stub_inside_what_an_exercise_returns_is_that_exercise_s():
    def maker():
        def inner(x):
            raise NotImplementedError

        return inner

    verdict = check_maker.judge(maker)
    assert verdict.mark == "○" and "needs" not in verdict.why


def test_wrong_says_call_expected_got_and_first_difference():
    verdict = check_double.judge(lambda x: x * torch.tensor([2.0, 3.0])[: len(x)])
    assert verdict.mark == "✗"
    assert verdict.call == "double([1, -3])"
    assert (verdict.expected, verdict.got) == ("[2, -6]", "[2, -9]")
    assert "at [1] expected -6, got -9 (1 of 2 differ)" in verdict.why
    assert verdict.test_code.startswith("close(double(torch.tensor([1.0, -3]))")
    assert str(verdict).count("\n") >= 4


def test_a_property_that_fails_shows_the_last_call_though_an_earlier_one_raised():
    @judged
    def check(double):
        raises(ValueError, double, -1.0)
        holds(double(3.0) == 6.0, zh="不对", en="wrong")

    def double(x):
        if x < 0:
            raise ValueError("give it a positive number")
        return x

    assert check.judge(double).call == "double(3.0)"


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda x: None, "returned `None`"),
        (lambda x: [2.0, -6.0], "the types differ"),
        (lambda x: (x * 2)[None], "the shapes differ"),
        (lambda x: (x * 2).double(), "the dtypes differ"),
        (lambda x, y: x, "your function takes `(x, y)`"),
        (lambda: 1, "the arguments do not fit"),
        (lambda x: x[7], "IndexError"),
        (lambda x: x.mul_(2), "changed its argument `x`"),
        (lambda x: sys.exit(3), "called `sys.exit`"),
        (lambda x: x.view(-1) * 2 if x.is_contiguous() else x, "on a non-contiguous input"),
        (lambda x: (x * 2).float(), "on float64: the dtypes differ"),
    ],
)
def test_kinds_of_wrong(function, why):
    verdict = check_double.judge(function)
    assert verdict.mark == "✗" and why in verdict.why, str(verdict)


def test_a_second_call_must_give_the_same():
    calls = []

    def double(x):
        calls.append(x)
        return x * 2 + (len(calls) > 2)

    assert "called again" in check_double.judge(double).why


def test_recursion_without_end():
    def double(x):
        return double(x)

    assert "calls itself without end" in check_double.judge(double).why


def test_the_learner_s_own_line_is_named():
    def double(x):
        y = x[0]
        return y.reshape(77)  # this very line

    verdict = check_double.judge(double)
    assert verdict.path == __file__ and verdict.code.endswith("# this very line")


def test_the_annotation_is_checked_before_values():
    def double(x: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        return x.repeat(2)

    verdict = check_double.judge(double)
    assert "does not fit the annotation" in verdict.why
    assert "n=2" in verdict.expected and verdict.got == "float32 tensor (4,)"


def test_the_battery_can_be_left_with_a_reason_but_not_misspelt():
    @judged(skip={"inputs": "in place is the point"})
    def check(double):
        x = torch.tensor([1.0, 2])
        double(x)
        close(x, torch.tensor([2.0, 4]))

    assert check.judge(lambda x: x.mul_(2)).mark == "✓"
    with pytest.raises(ValueError, match="the battery has"):
        judged(lambda f: None, skip={"input": "misspelt"})


def test_gradients_must_arrive():
    @judged(gradients="x")
    def check(double):
        close(double(torch.tensor([1.0, -3])), torch.tensor([2.0, -6]))

    assert check.judge(doubled).mark == "✓"
    assert "no gradient" in check.judge(lambda x: x.detach() * 2).why
    assert "the gradient with respect to `x` is wrong" in check.judge(lambda x: x.detach() * 2 + 0 * x).why


@pytest.fixture
def lesson(monkeypatch):
    """A lesson with one known mistake, and the test of its exercise."""
    tests, mistakes = types.ModuleType("part9_made.tests"), types.ModuleType("part9_made.mistakes")
    monkeypatch.setitem(sys.modules, "part9_made.tests", tests)
    monkeypatch.setitem(sys.modules, "part9_made.mistakes", mistakes)

    def tripled(x):
        print("this must not be seen")
        return x * 3

    tripled.__module__ = "part9_made.mistakes"
    mistake("double", zh="这是三倍。", en="That is three times.")(tripled)

    def check_double(double):
        close(double(torch.tensor([1.0, -3])), torch.tensor([2.0, -6]))

    check_double.__module__ = "part9_made.tests"
    return judged(check_double)


def test_a_known_mistake_is_recognised_by_what_it_does(lesson, capsys):
    verdict = lesson.judge(lambda x: x + x + x)
    assert verdict.mistake == "tripled" and "That is three times." in str(verdict)
    assert "must not be seen" not in capsys.readouterr().out
    assert lesson.judge(lambda x: x * 4).mistake == ""


def test_a_known_mistake_is_recognised_under_annotations(lesson):
    def double(x: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        return 3 * x

    assert lesson.judge(double).mistake == "tripled"


def test_under_pytest_it_raises_and_from_a_cell_it_says_whether_the_answer_is_right(monkeypatch, capsys):
    def double(x):
        raise NotImplementedError

    with pytest.raises(WrongAnswer, match="double"):
        check_double(lambda x: x)
    with pytest.raises(Unwritten):
        check_double(double)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    assert check_double(double) is False
    assert capsys.readouterr().out == "○ double: not written yet\n"
    assert check_double(lambda x: x * 4) is False
    assert capsys.readouterr().out.startswith("✗ double: at [0] expected 2, got 4")
    assert check_double(double=doubled) is True
    assert capsys.readouterr().out == "✓ double\n"
    with pytest.raises(TypeError, match="give it double"):
        check_double()


def test_a_class_is_judged_by_its_calls():
    class Scale(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.weight = nn.Parameter(torch.full((n,), 2.0))

        def forward(self, x: Float[Tensor, "batch n"]) -> Float[Tensor, "batch n"]:
            return x * self.weight + 1

    @judged
    def check(Scale):
        scale = Scale(3)
        assert list(scale.state_dict()) == ["weight"] and type(scale).__name__ == "Scale"
        close(scale(torch.ones(2, 3)), torch.full((2, 3), 2.0))

    verdict = check.judge(Scale)
    assert verdict.mark == "✗" and verdict.call == "Scale(3)([[1, 1, 1], [1, 1, 1]])"


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.0, 1.0 + 1e-9),
        (math.inf, math.inf),
        (2, 2),
        ("a", "a"),
        (True, True),
        ([1, (2.0, "x")], [1, (2.0, "x")]),
        ({"a": torch.ones(2)}, {"a": torch.ones(2)}),
        ((1, [2, 3]), [1, (2, 3)]),
        (torch.tensor(1.0), 1.0),
        (np.float32(1), 1.0),
        (1, 1.0),
        (torch.tensor(3), 3),
        (torch.tensor(True), True),
        (np.bool_(False), False),
        (np.array([1, 2]), np.array([1, 2])),
        (torch.tensor([math.inf, -math.inf]), torch.tensor([math.inf, -math.inf])),
        (torch.zeros(0, 3), torch.zeros(0, 3)),
        (complex(0.1 + 0.2, -1), complex(0.3, -1 + 1e-9)),
        (np.complex128(0.1 + 0.2), complex(0.3)),
        (complex(math.inf, 1), complex(math.inf, 1)),
        (torch.tensor([1 + 2j]).conj(), torch.tensor([1 - 2j])),
        (np.array([0.1 + 0.2, "a", None], dtype=object), np.array([0.3, "a", None], dtype=object)),
        (np.array(["a", "b"]), np.array(["a", "b"])),
        (10**400, 10**400),
    ],
)
def test_close(got, expected):
    close(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.0, 1.1),
        (True, 1),
        (1, True),
        (1.0, torch.tensor(1.0)),
        (torch.tensor([1.0]), 1.0),
        (torch.tensor(1), True),
        (torch.tensor(True), 1),
        (math.nan, math.nan),
        (math.inf, -math.inf),
        ([1], [1, 2]),
        ({"a": 1}, {"b": 1}),
        (np.ones(2), torch.ones(2)),
        (np.ones(2, dtype=np.float32), np.ones(2)),
        (torch.tensor([math.nan]), torch.tensor([math.nan])),
        (torch.zeros(0, 3), torch.zeros(3, 0)),
        (1 + 2j, 1 - 2j),
        (complex(math.nan, 1), complex(math.nan, 1)),
        (1.0, 1 + 0j),
        (torch.tensor([1 + 2j]), torch.tensor([1 - 2j])),
        (np.array([1, 2]), np.array([["a", "b"]])),
        (np.array([["a", "b"]]), np.array([1, 2])),
        (np.array(["a", "b"]), np.array(["a", "c"])),
        (np.array([1, object()], dtype=object), np.array([1, object()], dtype=object)),
        (np.array([[1], [2]], dtype=object), np.array([[1], [3]], dtype=object)),
        (np.array(["2020-01-01"], dtype="M8[D]"), np.array(["2020-01-02"], dtype="M8[D]")),
        (np.array([(1, 2.0)], dtype="i4,f4"), np.array([(1, 3.0)], dtype="i4,f4")),
        (10**400, 1.0),
    ],
)
def test_not_close(got, expected):
    with pytest.raises(Wrong):
        close(got, expected)


def test_what_differs_is_shown_with_the_digits_that_tell():
    for got, expected, told in (
        (1.0001 + 1j, 1.0003 + 1j, ("1.0001+1j", "1.0003+1j")),
        (Fraction(10001, 10000), 1.0003, ("1.0001", "1.0003")),
        (10**400, 1.0, ("1.000e+400", "1")),
        (10**5000, math.inf, ("1.000e+5000", "inf")),
        (10**5000, 10**5001, ("1.000e+5000", "1.000e+5001")),
    ):
        with pytest.raises(Wrong) as raised:
            close(got, expected, rtol=0, atol=0)
        assert (raised.value.shown, raised.value.expected) == told
    with pytest.raises(Wrong, match=r"at \[1\]\[0\]: the values differ"):
        close(np.array([[1], ["a"]], dtype=object), np.array([[1], ["b"]], dtype=object))


class HalfMade:
    """Its `__init__` forgot what `__repr__` and the rest use."""

    array: np.ndarray

    def __repr__(self):
        return f"HalfMade({self.array})"

    def sum(self):
        return self.array.sum()


class HalfSaid(Exception):
    text: str

    def __str__(self):
        return self.text


def endless():
    values = [1]
    values += [values, values]
    return values


@pytest.mark.parametrize("value", [HalfMade(), [HalfMade(), 2], {"a": HalfMade()}], ids=["object", "list", "dict"])
def test_what_cannot_be_shown_still_gets_a_verdict(value):
    @judged
    def test_total(total):
        close(total(value), 3.0)

    def raising(value):
        raise HalfSaid

    for wrong in (
        lambda value: HalfMade().sum(),
        lambda value: 4.0,
        lambda value: value,
        lambda value: endless(),
        raising,
    ):
        verdict = test_total.judge(wrong)
        assert verdict.mark == "✗" and verdict.call.startswith("total(") and str(verdict)
    assert test_total.judge(raising).why == "HalfSaid"
    assert brief([HalfMade(), 2]) == "[HalfMade, 2]" and brief(endless()) == "list"


def test_raises_lets_a_stub_through_and_wants_words_only_where_the_text_does():
    def unwritten():
        raise NotImplementedError

    def mute():
        raise ValueError

    def speaks():
        raise ValueError("give it a positive n")

    def other():
        raise TypeError("no")

    def half():
        raise HalfSaid

    raises(ValueError, speaks, words=True)
    raises(ValueError, mute)
    with pytest.raises(Wrong, match="says nothing"):
        raises(ValueError, mute, words=True)
    with pytest.raises(Wrong, match="raises `TypeError`, where `ValueError` is wanted"):
        raises(ValueError, other)
    for awaited, words in ((HalfSaid, True), (HalfSaid, "n"), (ValueError, False)):
        with pytest.raises(Wrong):
            raises(awaited, half, words=words)
    with pytest.raises(Wrong, match="should raise `ValueError`"):
        raises(ValueError, lambda: 3)
    with pytest.raises(NotImplementedError):
        raises(RuntimeError, unwritten)


def test_what_is_called_meanwhile_is_known_in_torch_and_in_numpy():
    dot, det = np.dot, torch.linalg.det
    with calls() as found:
        torch.linalg.det(torch.eye(2))
        np.dot([1, 2], [3, 4])
        _ = torch.eye(2).T
    assert {"det", "dot", "T"} <= found
    for product in (
        lambda a, b: a @ b,
        lambda a, b: torch.matmul(a, b),
        lambda a, b: torch.from_numpy(np.matmul(a.numpy(), b.numpy())),
        lambda a, b: torch.tensor(np.array(a.tolist()) @ np.array(b.tolist())),
    ):
        with pytest.raises(Wrong, match="it calls `matmul`"):
            without({"matmul"}, product, torch.eye(2), torch.eye(2))
    close(without({"matmul"}, lambda a, b: a * b, torch.eye(2), torch.eye(2)), torch.eye(2))
    with pytest.raises(Wrong, match="it does not call `as_strided`"):
        calling("as_strided", lambda x: x, torch.eye(2))
    assert np.dot is dot and torch.linalg.det is det, "all is as it was"


def test_a_view_shares_its_memory_and_a_copy_does_not():
    x = torch.arange(6)
    shares_memory(x[2:], x)
    with pytest.raises(Wrong, match="its memory is not that of `x`"):
        shares_memory(x.clone(), x)


def test_a_case_is_named_in_the_verdict():
    @judged
    def check(double):
        for n in (2, 1):
            with case(zh=f"{n} 个元素", en=f"with {n} elements"):
                close(double(torch.ones(n)), 2 * torch.ones(n))

    assert check.judge(lambda x: x * 2).mark == "✓"
    assert check.judge(lambda x: x * 2 if len(x) > 1 else x).why.startswith("with 1 elements: at [0] expected 2")


def test_holds_speaks_the_learner_s_language(monkeypatch):
    monkeypatch.setenv("COACH_LANG", "zh")
    with pytest.raises(Wrong, match="不对"):
        holds(False, zh="不对", en="wrong")
    verdict = check_double.judge(lambda x: None)
    assert "返回了 `None`" in verdict.why and "调用" in str(verdict)


def test_what_is_shown_has_no_addresses_and_no_noise():
    assert brief(object()) == "object" and brief(lambda: 1) == "a function"
    assert brief(0.1 + 0.2) == "0.3" and brief(-0.0) == "0.0" and brief(2.0) == "2.0"
    assert brief(torch.zeros(3, 5)) == "<float32 (3, 5)>"
    assert brief(torch.tensor([1e-20, 1 / 3])) == "[0, 0.3333]"


def test_a_console_without_check_marks_gets_plain_ones():
    assert printable("✓ ✗ ○ 练习", "gbk") == "√ × ○ 练习"
    assert printable("✓ 练习", "ascii") == "? ??"
    assert printable("✓ 练习", "utf-8") == "✓ 练习"


def test_a_quoted_line_of_a_test_leaves_its_sentences_out():
    from coach.judging.verdict import without_sentences

    told = 'holds(isinstance(got, Kind), zh="结果应当与 \\"args\\" 同类", en="of the class of `args`, that is")'
    assert without_sentences(told) == "holds(isinstance(got, Kind))"
    assert without_sentences("holds(found == r, zh=zh, en=en)") == "holds(found == r)"
    assert without_sentences('holds(n < 3, zh=f"{n} 次", en=f"{n} times"):  # zh=1') == "holds(n < 3):  # zh=1"
    assert without_sentences("close(double(x), 6.0)") == "close(double(x), 6.0)"


@judged
def check_within(within):
    assert check_double.judge(within(2)).mark in "✓✗"  # a test that judges before its own first call
    assert within(3) is not None


def test_a_test_may_judge_within_itself():
    assert check_within.judge(lambda number: lambda x: x * number).mark == "✓"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('check(x, zh="不对", en="wrong")', "check(x)"),
        ("check(x, zh='说“不对”', en='says \"wrong\"')", "check(x)"),
        ('check(x, zh=f"{a}不对" "，真的", en="wrong")', "check(x)"),
        ("check(x, zh=zh, en=en)", "check(x)"),
    ],
)
def test_a_quoted_line_is_without_its_sentences(line: str, kept: str):
    assert without_sentences(line) == kept
