"""Numbers and findings in words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.phrases import MINUS, THIN, change, digits_for, interval, listed, money, number, percent, ratio_set, verdict
from runs.statistics import RatioSet, summarise


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (1234567.0, 0, False, f"1{THIN}234{THIN}567"), (-0.4, 0, True, "0"), (-12.34, 1, True, f"{MINUS}12.3"),
        (12.0, 1, True, "+12.0"), (math.nan, None, False, "–"), (-math.inf, None, False, f"{MINUS}∞"),
        (123.4, None, False, "123"), (0.0123, None, False, "0.012"),
    ],
)  # fmt: skip
def test_numbers(value: float, digits: int | None, signed: bool, text: str) -> None:
    assert number(value, digits, signed) == text


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_numbers_can_be_read_back(value: float, digits: int) -> None:
    read = float(number(value, digits, signed=True).replace(THIN, "").replace(MINUS, "-"))
    assert read == pytest.approx(value, abs=0.5 * 10**-digits + 1e-9 * abs(value))


def test_intervals_have_the_digits_of_their_larger_end() -> None:
    assert interval((-123.4, 5.6)) == f"{MINUS}123 to +6"
    assert interval((0.5, 1.5), signed=False) == "0.5 to 1.5"
    assert digits_for(250.0, 0.1) == 0


def test_percent_and_money() -> None:
    assert percent(-0.034, 1, signed=True) == f"{MINUS}3.4 %"
    assert percent(math.nan) == "–"
    assert money(182_900_000.0) == "183 million"
    assert money(2_500_000.0) == "2.5 million"
    assert money(88_400.0) == "88 thousand"


def test_verdicts() -> None:
    rng = np.random.default_rng(1)
    control = rng.poisson(100.0, (20, 4)).astype(float)
    fewer, more = summarise(control - 10, control), summarise(control + 10, control)
    assert (verdict(fewer), verdict(more)) == ("fewer", "more")
    unclear = summarise(control + rng.normal(0.0, 10.0, control.shape), control)
    assert verdict(unclear) == "not resolved"
    assert change(unclear, "attacks").endswith("not resolved")
    assert "not resolved" not in change(fewer, "attacks")
    assert f"{MINUS}10.0 attacks" in change(fewer, "attacks")


def test_runs_that_equal_their_pairs_do_not_differ() -> None:
    control = np.random.default_rng(1).poisson(100.0, (20, 4)).astype(float)
    same = summarise(control, control)
    assert verdict(same) == "no difference"
    assert change(same, "attacks") == "no difference, in any pair of runs"
    other = control.copy()
    other[3, 1] += 1.0
    other[7, 2] -= 1.0  # no difference on average is not the same
    assert verdict(summarise(other, control)) == "not resolved"


def test_few_draws_give_a_first_look() -> None:
    control = np.random.default_rng(1).poisson(100.0, (20, 4)).astype(float)
    for draws, mark in ((18, " (first look)"), (19, "")):
        few = control[:draws]
        assert verdict(summarise(few - 10, few)) == f"fewer{mark}"
        assert verdict(summarise(few + 10, few)) == f"more{mark}"
        assert ("first look" in change(summarise(few - 10, few), "attacks")) == bool(mark)


def test_sets_of_ratios_say_when_they_have_no_end() -> None:
    assert ratio_set(RatioSet(2e6, ((1e6, 3e6),))) == "1.0 million to 3.0 million"
    two = ratio_set(RatioSet(5e6, ((-math.inf, -1e6), (2e6, math.inf))))
    assert two == "not resolved: above 2.0 million, or deaths are added"
    assert "below 1.0 million" in ratio_set(RatioSet(5e6, ((-math.inf, 1e6), (2e6, math.inf))))
    assert ratio_set(RatioSet(math.nan, ((-math.inf, math.inf),))) == "not resolved: any sum is compatible"
    assert ratio_set(RatioSet(1e6, ((1e6, math.inf),))) == "not resolved: above 1.0 million, with no upper end"
    below = ratio_set(RatioSet(1e6, ((-math.inf, 1e6),)))
    assert below == "not resolved: below 1.0 million, with no lower end"
    assert ratio_set(RatioSet(math.nan, ())) == "no death averted"


def test_lists() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
