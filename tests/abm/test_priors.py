"""Priors against closed forms, and draws of parameters that are the same for ever."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import FALSE_ALARM, Z_LIMIT, defaults
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from abm.declarations import declarations
from abm.draws import DRAWS, draw_parameters, prior_parameters
from abm.parameters import Parameters
from abm.priors import Fixed, HalfNormal, LogNormal, Pert, Prior, Uniform

EPSILON = 2.0**-53  # the least uniform draw; the largest is one minus this
DECLARED = declarations(Parameters)
UNCERTAIN = {name: d for name, d in DECLARED.items() if not isinstance(d.prior, Fixed)}
INSIDE = st.floats(EPSILON, 1.0 - EPSILON)


def mean(prior: Prior) -> float:
    return float(integrate.quad(lambda u: prior.quantile(u, math.nan), 0.0, 1.0, limit=200)[0])


@pytest.mark.parametrize("prior", {d.prior for d in DECLARED.values() if isinstance(d.prior, Pert)}, ids=str)
def test_pert_is_the_beta_of_expert_elicitation(prior: Pert) -> None:
    # Malcolm et al. 1959: the mean is (low + 4 mode + high) / 6; the density is highest at the mode.
    assert prior.low <= prior.mode <= prior.high
    assert mean(prior) == pytest.approx((prior.low + 4 * prior.mode + prior.high) / 6, rel=1e-6, abs=1e-9)
    width = prior.high - prior.low
    share = (prior.mode - prior.low) / width
    law = stats.beta(1 + 4 * share, 5 - 4 * share, loc=prior.low, scale=width)
    for u in (0.01, 0.3, 0.5, 0.9, 0.999):
        assert law.cdf(prior.quantile(u, math.nan)) == pytest.approx(u, rel=1e-9)
    steps = np.linspace(prior.low, prior.high, 2001)
    assert steps[np.argmax(law.pdf(steps))] == pytest.approx(prior.mode, abs=width / 1000)


def test_lognormal_by_its_median_and_90th_percentile() -> None:
    prior = LogNormal(9.0, 24.0)
    assert prior.quantile(0.5, math.nan) == pytest.approx(9.0)
    assert prior.quantile(0.9, math.nan) == pytest.approx(24.0)
    assert prior.quantile(0.1, math.nan) == pytest.approx(9.0 * 9.0 / 24.0)  # symmetric in the logarithm


def test_half_normal_is_cut_at_its_highest() -> None:
    prior, law = HalfNormal(0.03, 0.10), stats.halfnorm(scale=0.03)
    for u in (0.001, 0.25, 0.5, 0.99):
        assert law.cdf(prior.quantile(u, math.nan)) == pytest.approx(u * law.cdf(0.10), rel=1e-9)
    assert prior.quantile(1.0 - EPSILON, math.nan) == pytest.approx(0.10, rel=1e-6)


def test_uniform_and_fixed() -> None:
    assert Uniform(2.0, 6.0).quantile(0.25, math.nan) == 3.0
    assert Fixed().quantile(0.9, 7.5) == 7.5


@pytest.mark.parametrize("name", UNCERTAIN)
@given(INSIDE, INSIDE)
def test_quantiles_rise_and_stay_in_their_range(name: str, u: float, v: float) -> None:
    d = UNCERTAIN[name]
    low, high = (d.prior.quantile(w, d.default) for w in sorted((u, v)))
    assert low <= high
    if not isinstance(d.prior, LogNormal):  # that one is cut to the bounds by whoever draws
        assert d.low <= low
        assert high <= d.high


@pytest.mark.parametrize("prior", [Pert(0.0, 1.0, 2.0), LogNormal(1.0, 2.0), HalfNormal(1.0, 2.0), Uniform(0.0, 1.0)])
def test_extreme_uniforms_give_finite_values(prior: Prior) -> None:
    assert math.isfinite(prior.quantile(EPSILON, 0.0))
    assert math.isfinite(prior.quantile(1.0 - EPSILON, 0.0))


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (Fixed(), "fixed"),
        (Pert(0.05, 0.2, 0.35), "PERT(0.05, 0.2, 0.35)"),
        (LogNormal(9.0, 24.0), "lognormal(median 9, 90th percentile 24)"),
        (HalfNormal(0.03, 0.1), "half-normal(0.03), at most 0.1"),
        (Uniform(0.0, 1.0), "uniform(0, 1)"),
    ],
)
def test_priors_are_written_in_words(prior: Prior, words: str) -> None:
    assert str(prior) == words


# --- draws --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def draws() -> list[Parameters]:
    """The first draws, before anything is learnt from the record."""
    return [prior_parameters(number) for number in range(DRAWS)]


def test_draws_are_the_same_for_ever_and_differ_from_each_other(draws: list[Parameters]) -> None:
    assert prior_parameters(3) == draws[3]
    assert len({draw.model_dump_json() for draw in draws}) == DRAWS


@pytest.mark.parametrize("number", [-1, DRAWS])
def test_there_are_no_draws_beyond_the_last(number: int) -> None:
    with pytest.raises(ValueError, match=f"numbered 0 to {DRAWS - 1}, got {number}"):
        draw_parameters(number)


def test_parameters_without_a_prior_are_never_drawn(draws: list[Parameters]) -> None:
    for name, d in DECLARED.items():
        if isinstance(d.prior, Fixed):
            assert {getattr(draw, name) for draw in draws} == {d.default}


@pytest.mark.statistical
def test_draws_follow_their_priors(draws: list[Parameters]) -> None:
    # Kolmogorov and Smirnov on the draws of each parameter; false alarm 1e-6 each.
    for name, d in UNCERTAIN.items():
        values = np.array([getattr(draw, name) for draw in draws])
        levels = np.linspace(0.0005, 0.9995, 1000)
        quantiles = np.clip([d.prior.quantile(u, d.default) for u in levels], d.low, d.high)
        inner = (values > quantiles[0]) & (values < quantiles[-1])
        assert stats.kstest(np.interp(values[inner], quantiles, levels), "uniform").pvalue > FALSE_ALARM, name
    assert max(draw.n_same + draw.n_cross for draw in draws) < 1.0


@pytest.mark.statistical
def test_drawn_rates_keep_their_mean_and_spread_with_the_number_recorded(draws: list[Parameters]) -> None:
    # Gamma posterior of a Poisson rate under Jeffreys' prior, relative to its mean: variance 1 / (count + 1/2).
    rates = defaults().rates
    counts = np.array(rates.observed).sum(axis=2)
    before = np.array(rates.candidates)
    drawn = np.array([draw.rates.candidates for draw in draws])
    for faction, zone in np.argwhere(before.sum(axis=2) > 0):
        levels = drawn[:, faction, zone].sum(axis=1) / before[faction, zone].sum()
        shape = counts[faction, zone] + 0.5
        assert abs(levels.mean() - 1.0) * math.sqrt(DRAWS * shape) < Z_LIMIT
        assert stats.kstest(levels, stats.gamma(shape, scale=1 / shape).cdf).pvalue > FALSE_ALARM
        # Within a faction and zone actions keep their shares.
        assert drawn[:, faction, zone] == pytest.approx(levels[:, None] * before[faction, zone])
