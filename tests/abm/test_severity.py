"""Deaths per event: the truncated Lomax against its closed form, numeric integration and its own tail."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from engine import Z_LIMIT, assert_close_in_law, assert_counts, defaults
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy.optimize import minimize_scalar

from abm.kinds import KINDS
from abm.randomness import SEVERITY, uniforms
from abm.severity import deaths, deaths_cap, lethal_deaths, lethal_means, scale_for_mean

SCALES, TAILS, CAPS = st.floats(0.05, 200.0), st.floats(1.3, 4.0), st.integers(1, 2000)
U = st.floats(2.0**-53, 1.0 - 2.0**-53)


def survival(x: float, scale: float, tail: float) -> float:
    return float((1.0 + x / scale) ** (1.0 - tail))


def drawn(n: int, scale: float, tail: float, cap: int) -> np.ndarray:
    u = uniforms(1, SEVERITY, np.arange(n), 0, 0)
    return np.array([lethal_deaths(float(v), scale, tail, cap) for v in u])


@given(U, SCALES, TAILS, CAPS)
def test_deaths_lie_between_one_and_the_cap(u: float, scale: float, tail: float, cap: int) -> None:
    assert 1 <= lethal_deaths(u, scale, tail, cap) <= cap


@given(U, U, SCALES, TAILS, CAPS)
def test_deaths_rise_with_the_uniform(u: float, v: float, scale: float, tail: float, cap: int) -> None:
    low, high = sorted((u, v))
    assert lethal_deaths(low, scale, tail, cap) <= lethal_deaths(high, scale, tail, cap)


@given(st.floats(0.001, 0.999), SCALES, TAILS, CAPS)
def test_deaths_are_the_quantile_of_the_truncated_lomax(u: float, scale: float, tail: float, cap: int) -> None:
    # One plus the whole part of X with P(X > x) = (S(x) - S(cap)) / (1 - S(cap)): the least k with P(X >= k) <= 1 - u.
    k = lethal_deaths(u, scale, tail, cap)
    last = survival(cap, scale, tail)

    def beyond(x: float) -> float:
        return (survival(x, scale, tail) - last) / (1.0 - last)

    assert beyond(k) <= (1.0 - u) * (1 + 1e-9) + 1e-12
    assert beyond(k - 1) >= (1.0 - u) * (1 - 1e-9) - 1e-12


@pytest.mark.parametrize(("scale", "tail", "cap"), [(0.3, 2.2, 300), (5.0, 2.2, 300), (5.0, 1.5, 40), (60.0, 3.5, 7)])
def test_means_agree_with_numeric_integration_over_the_uniform(scale: float, tail: float, cap: int) -> None:
    # The quantile function is a staircase; its steps are integrated one by one.
    last = survival(cap, scale, tail)
    steps = [(1.0 - survival(k, scale, tail)) / (1.0 - last) for k in range(cap + 1)]
    total = sum(
        integrate.quad(lambda u: lethal_deaths(u, scale, tail, cap), low, high)[0]
        for low, high in pairwise(steps)
        if high - low > 1e-12
    )
    assert lethal_means(scale, tail, cap)[cap] == pytest.approx(total, rel=1e-6)


@given(SCALES, TAILS)
def test_means_rise_with_the_cap_from_one(scale: float, tail: float) -> None:
    means = lethal_means(scale, tail, 300)
    assert means.shape == (301,)
    assert means[1] == pytest.approx(1.0)
    assert (np.diff(means[1:]) > -1e-9).all()
    assert (means[1:] <= np.arange(1, 301) + 1e-9).all()


@given(SCALES, TAILS, st.integers(1, 299))
def test_the_mean_below_a_cap_does_not_depend_on_higher_caps(scale: float, tail: float, cap: int) -> None:
    assert lethal_means(scale, tail, cap)[cap] == lethal_means(scale, tail, 300)[cap]


@given(st.floats(1.1, 20.0), st.floats(1.8, 3.0))
def test_the_scale_gives_back_the_mean(mean: float, tail: float) -> None:
    assert lethal_means(scale_for_mean(mean, tail, 300), tail, 300)[300] == pytest.approx(mean, rel=1e-6)


def test_a_mean_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least one death on average, got 0\.9"):
        scale_for_mean(0.9, 2.2, 300)
    assert lethal_means(scale_for_mean(1.0, 2.2, 300), 2.2, 300)[300] == pytest.approx(1.0, abs=1e-3)


def test_a_mean_that_truncation_forbids_is_refused() -> None:
    with pytest.raises(ValueError, match="no scale gives 60 deaths a lethal event when at most 100 can die"):
        scale_for_mean(60.0, 2.2, 100)  # however flat the law, its mean stays near half the cap


@pytest.mark.statistical
@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_every_kind_has_its_recorded_mean(kind: int) -> None:
    q, rates, n = defaults(), defaults().rates, 20_000
    fatal, mean = rates.fatal_share[kind], rates.mean_deaths[kind]
    scale = scale_for_mean(mean / fatal, q.tail_exponent, q.most_deaths)
    u, v = (uniforms(7, SEVERITY, np.arange(n), kind, draw).tolist() for draw in (0, 1))
    dead = np.array([deaths(a, b, fatal, scale, q.tail_exponent, q.most_deaths) for a, b in zip(u, v, strict=True)])
    assert_close_in_law(float((dead > 0).sum()), n * fatal, n * fatal * (1 - fatal) + 1e-9)
    # The variance of the truncated law, summed from its survival function.
    k = np.arange(1, q.most_deaths + 1)
    last = survival(q.most_deaths, scale, q.tail_exponent)
    at_least = np.array([(survival(j - 1, scale, q.tail_exponent) - last) / (1 - last) for j in k])
    second = fatal * ((2 * k - 1) * at_least).sum()
    assert_close_in_law(float(dead.sum()), n * mean, n * (second - mean * mean))


@pytest.mark.statistical
@pytest.mark.parametrize("tail", [1.7, 2.2, 2.8])
def test_the_tail_has_its_exponent(tail: float) -> None:
    # Maximum likelihood of a discrete power law beyond 30 deaths (Clauset, Shalizi & Newman 2009), where a Lomax of
    # scale 1 bends by less than the error of the estimate.
    n, cap, first = 200_000, 10**6, 30
    sizes = drawn(n, 1.0, tail, cap)
    big = sizes[sizes >= first]

    def minus_log_likelihood(b: float) -> float:
        # P(k) of one plus the whole part of a Pareto beyond first - 1: exact for the untruncated Lomax of scale 1.
        lower, upper = np.power(big, 1.0 - b), np.power(big + 1.0, 1.0 - b)
        return float(-(np.log(lower - upper) - (1.0 - b) * math.log(first)).sum())

    estimate = minimize_scalar(minus_log_likelihood, bounds=(1.05, 5.0), method="bounded").x
    error = (tail - 1.0) / math.sqrt(big.size)
    assert big.size > 300
    assert abs(estimate - tail) < Z_LIMIT * error + 0.01


@pytest.mark.statistical
def test_all_sizes_up_to_the_cap_have_their_share() -> None:
    n, scale, tail, cap = 50_000, 4.0, 2.2, 12
    last = survival(cap, scale, tail)
    shares = [(survival(k - 1, scale, tail) - survival(k, scale, tail)) / (1 - last) for k in range(1, cap + 1)]
    assert_counts(np.bincount(drawn(n, scale, tail, cap), minlength=cap + 1)[1:], n * np.array(shares))


@given(U, st.floats(0.0, 1.0))
def test_no_more_events_are_lethal_than_the_fatal_share(u: float, fatal: float) -> None:
    assert (deaths(u, 0.5, fatal, 2.0, 2.2, 300) > 0) == (u < fatal)


@pytest.mark.parametrize(
    ("people", "most", "cap"),
    [(5000, 300, 300), (120, 300, 120), (0, 300, 1), (-5, 300, 1), (300, 300, 300), (9, 1, 1)],
)
def test_nobody_dies_twice(people: int, most: int, cap: int) -> None:
    assert deaths_cap(people, most) == cap
