"""Posteriors from tables of models whose posterior is known, and misfit that is named."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from calibration.errors import CalibrationError
from calibration.misfit import TOGETHER, outside
from calibration.reference_table import ReferenceTable
from calibration.regression_abc import Posterior, fit
from calibration.summaries import scale_of
from calibration.transforms import Transform

Floats = NDArray[np.float64]

ROWS = 20_000
ACCEPT = 0.05  # 1,000 rows, worth some 700 of equal weight
# Limits of five standard errors: a right posterior fails one comparison in two million, had the seeds been drawn.
EFFECTIVE = 600.0
MEAN_ERROR = 5.0 / np.sqrt(EFFECTIVE)  # in posterior standard deviations
SD_ERROR = 5.0 / np.sqrt(2.0 * EFFECTIVE)  # relative


def table_of(theta: Floats, statistics: Floats) -> ReferenceTable:
    names = tuple(f"p{i}" for i in range(theta.shape[1])), tuple(f"s{i}" for i in range(statistics.shape[1]))
    return ReferenceTable(np.arange(len(theta)), theta, statistics, *names, settings={})


def normal_table(seed: int, rows: int = ROWS) -> ReferenceTable:
    """Mean of normal samples of ten with variance 4 and a normal prior: mean, median and noise are known of each."""
    draw = np.random.default_rng(seed)
    theta = draw.normal(1.0, 1.5, (rows, 1))
    samples = theta + draw.normal(0.0, 2.0, (rows, 10))
    return table_of(
        theta, np.column_stack([samples.mean(axis=1), np.median(samples, axis=1), draw.normal(size=(rows, 3))])
    )


# --- posteriors that are known --------------------------------------------------------------------------------------


@pytest.mark.statistical
@pytest.mark.parametrize("mean", [-3.0, 1.0, 2.5])
def test_mean_of_a_normal_distribution(mean: float) -> None:
    observed = np.array([mean, mean, 0.1, -0.2, 0.3])
    posterior = fit(normal_table(1), accept=ACCEPT).posterior(observed)
    precision = 1 / 1.5**2 + 10 / 4
    exact_mean, exact_sd = (1.0 / 1.5**2 + mean * 10 / 4) / precision, precision**-0.5
    assert posterior.effective_size > EFFECTIVE
    assert abs(posterior.mean()[0] - exact_mean) < MEAN_ERROR * exact_sd
    assert posterior.sd()[0] == pytest.approx(exact_sd, rel=SD_ERROR)
    assert posterior.contraction[0] == pytest.approx(1 - exact_sd**2 / 1.5**2, abs=2 * SD_ERROR * 0.16)
    for q in (0.05, 0.5, 0.95):
        exact = exact_mean + exact_sd * stats.norm.ppf(q)
        # The density at these quantiles makes their standard errors up to 2.1 times that of the mean.
        assert abs(posterior.quantile(q)[0] - exact) < 2.2 * MEAN_ERROR * exact_sd


@pytest.mark.statistical
def test_two_parameters_that_depend_on_each_other() -> None:
    draw = np.random.default_rng(2)
    theta = draw.normal(size=(ROWS, 2))
    design = np.array([[1.0, 1.0], [1.0, 0.2], [0.0, 0.0]])
    statistics = theta @ design.T + 0.5 * draw.normal(size=(ROWS, 3))
    observed = np.array([1.5, -0.4, 0.2])
    posterior = fit(table_of(theta, statistics), accept=ACCEPT).posterior(observed)
    covariance = np.linalg.inv(np.eye(2) + design.T @ design / 0.25)
    mean, sd = covariance @ design.T @ observed / 0.25, np.sqrt(np.diag(covariance))
    assert (np.abs(posterior.mean() - mean) < MEAN_ERROR * sd).all()
    assert posterior.sd() == pytest.approx(sd, rel=SD_ERROR)
    centred = posterior.draws - posterior.mean()
    correlation = (posterior.weights @ (centred[:, 0] * centred[:, 1])) / posterior.sd().prod()
    assert correlation == pytest.approx(covariance[0, 1] / sd.prod(), abs=5 / np.sqrt(EFFECTIVE))


@pytest.mark.statistical
def test_bounded_parameters_with_skewed_posteriors() -> None:
    """Gamma prior and Poisson counts, beta prior and binomial counts: conjugate, on logarithmic and logistic scales."""
    draw = np.random.default_rng(3)
    rate, share = draw.gamma(2.0, 1.0, ROWS), draw.beta(1.5, 3.0, ROWS)
    counts, successes = draw.poisson(5.0 * rate), draw.binomial(12, share)
    table = table_of(np.column_stack([rate, share]), np.column_stack([np.log1p(counts), successes]).astype(float))
    transforms = {"p0": Transform("log"), "p1": Transform("logit", 0.0, 1.0)}
    posterior = fit(table, transforms, accept=ACCEPT).posterior(np.array([np.log1p(4.0), 2.0]))
    exact = stats.gamma(2.0 + 4.0, scale=1 / 6.0), stats.beta(1.5 + 2.0, 3.0 + 10.0)
    assert (posterior.draws > 0).all()
    assert (posterior.draws[:, 1] < 1).all()
    for k, law in enumerate(exact):
        # Neighbouring counts have posteriors of other shapes, which a linear adjustment does not undo in full: a tenth
        # of a standard deviation is allowed on top of chance.
        assert abs(posterior.mean()[k] - law.mean()) < (MEAN_ERROR + 0.1) * law.std()
        assert posterior.sd()[k] == pytest.approx(law.std(), rel=SD_ERROR + 0.1)


@pytest.mark.statistical
def test_adjustment_earns_its_keep() -> None:
    """Spread that changes with the parameter: rejection alone is off, both regressions together are not."""
    draw = np.random.default_rng(4)
    signal = draw.uniform(0.0, 4.0, ROWS)
    theta = signal + 0.2 * np.exp(0.5 * signal) * draw.normal(size=ROWS)
    model = fit(table_of(theta[:, None], signal[:, None]), accept=0.5)
    posterior = model.posterior(np.array([1.0]))
    exact = 0.2 * np.exp(0.5)
    raw = model.targets[posterior.rows, 0]
    assert np.sqrt(np.cov(raw, aweights=posterior.weights)) > 1.5 * exact
    assert posterior.sd()[0] == pytest.approx(exact, rel=0.05)  # 10,000 rows: five standard errors are 0.04
    assert posterior.mean()[0] == pytest.approx(1.0, abs=0.05 * exact)


def test_a_parameter_that_nothing_tells_of_keeps_its_prior() -> None:
    draw = np.random.default_rng(5)
    theta = draw.uniform(size=(ROWS, 2))
    statistics = np.column_stack([theta[:, 0] + 0.1 * draw.normal(size=ROWS), draw.normal(size=ROWS)])
    transforms = {name: Transform("logit", 0.0, 1.0) for name in ("p0", "p1")}
    posterior = fit(table_of(theta, statistics), transforms, accept=ACCEPT).posterior(np.array([0.5, 1.0]))
    assert posterior.contraction[0] > 0.8
    assert abs(posterior.contraction[1]) < 0.2
    assert posterior.sd()[1] == pytest.approx(1 / np.sqrt(12), rel=SD_ERROR)
    assert ((posterior.draws >= 0) & (posterior.draws <= 1)).all()


# --- statistics -----------------------------------------------------------------------------------------------------


def test_a_statistic_without_value_tells_something_too() -> None:
    draw = np.random.default_rng(6)
    theta = draw.normal(size=(ROWS, 1))
    waiting = np.where(theta[:, 0] + 0.3 * draw.normal(size=ROWS) > 0.5, np.nan, draw.normal(size=ROWS))
    model = fit(table_of(theta, np.column_stack([waiting, draw.normal(size=ROWS)])), accept=ACCEPT)
    assert model.posterior(np.array([np.nan, 0.0])).mean()[0] > 0.8
    assert model.posterior(np.array([0.0, 0.0])).mean()[0] < -0.3
    assert model.posterior(np.array([np.inf, 0.0])).mean()[0] > 0.8  # as the table keeps what is not finite
    with pytest.raises(CalibrationError, match=r"^observed: s1: without value, which no simulation is"):
        model.posterior(np.array([0.0, np.nan]))
    with pytest.raises(CalibrationError, match=r"^observed: expected 2 statistics"):
        model.posterior(np.array([0.0]))


def test_statistics_that_never_vary_are_dropped() -> None:
    draw = np.random.default_rng(7)
    mostly_zero = (draw.uniform(size=1000) < 0.1).astype(float)
    never = np.full(1000, np.nan)
    values = np.column_stack([np.full(1000, 3.0), mostly_zero, never, draw.normal(2.0, 3.0, 1000)])
    scale = scale_of(values, ("constant", "mostly zero", "never", "normal"))
    assert scale.dropped == ("constant", "never")
    assert scale.kept.tolist() == [1, 3]
    assert scale.spread == pytest.approx([mostly_zero.std(), 3.0], rel=0.15)
    assert scale.plain(values)[:, 1] == pytest.approx((values[:, 3] - scale.centre[1]) / scale.spread[1])
    with pytest.raises(CalibrationError, match=r"^statistics: expected some that vary"):
        scale_of(values[:, :1], ("constant",))
    # What is dropped may be without value in the observation.
    table = ReferenceTable(np.arange(1000), draw.normal(size=(1000, 1)), values, ("p",), ("a", "b", "c", "d"), {})
    assert fit(table, accept=0.1).posterior(np.array([np.nan, 0.0, np.nan, 1.0])).draws.shape == (100, 1)


def test_products_of_statistics_are_found() -> None:
    draw = np.random.default_rng(8)
    theta = draw.normal(size=(ROWS, 1))
    sign = draw.choice([-1.0, 1.0], ROWS)
    statistics = np.column_stack([sign + 0.3 * theta[:, 0], sign * theta[:, 0], draw.normal(size=(ROWS, 4))])
    with_products = fit(table_of(theta, statistics), accept=ACCEPT)
    without = fit(table_of(theta, statistics), accept=ACCEPT, products=0)
    assert with_products.summaries.r_squared[0] > 0.8 > without.summaries.r_squared[0] + 0.2


def test_units_of_statistics_do_not_matter() -> None:
    table = normal_table(9, 4000)
    other = table_of(table.theta, table.statistics * np.array([1e6, 1e-6, 3.0, 1.0, 5.0]) - 7.0)
    observed = table.statistics[5]
    mine = fit(table, accept=ACCEPT).posterior(observed)
    theirs = fit(other, accept=ACCEPT).posterior(observed * np.array([1e6, 1e-6, 3.0, 1.0, 5.0]) - 7.0)
    assert mine.rows.tolist() == theirs.rows.tolist()
    assert mine.draws == pytest.approx(theirs.draws, rel=1e-6, abs=1e-6)


# --- accepted rows and draws ----------------------------------------------------------------------------------------


def test_a_row_can_be_left_out() -> None:
    table = normal_table(10, 4000)
    model = fit(table, accept=ACCEPT)
    own = model.posterior(table.statistics[17])
    assert (own.rows[0], own.distances[0]) == (17, pytest.approx(0.0, abs=1e-9))
    other = model.posterior(table.statistics[17], without=17)
    assert 17 not in other.rows
    assert own.rows[1:].tolist() == other.rows[:-1].tolist()
    assert len(other.rows) == 200
    assert other.weights.sum() == pytest.approx(1.0)
    assert (np.diff(other.weights) <= 0).all()
    assert other.weights[-1] > 0
    assert other.distance_quantiles().tolist() == [other.distances[0], np.median(other.distances), other.distances[-1]]


def posterior_of(weights: list[float]) -> Posterior:
    m = len(weights)
    draws = np.arange(m, dtype=float)[:, None]
    w = np.array(weights) / sum(weights)
    return Posterior(("p",), draws, w, draws, np.ones(1), np.arange(m), np.zeros(m))


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=60), st.integers(1, 80), st.integers(0, 2**63 - 1))
def test_systematic_draws(weights: list[float], n: int, seed: int) -> None:
    posterior = posterior_of(weights)
    places = posterior.places(n, seed)
    counts = np.bincount(places, minlength=len(weights))
    assert counts.sum() == n
    expected = n * posterior.weights
    assert (counts >= np.floor(expected - 1e-9)).all()
    assert (counts <= np.ceil(expected + 1e-9)).all()  # so none twice where n times the weight is below 1
    assert (places == posterior.places(n, seed)).all()


def test_draws_are_keyed_and_shuffled() -> None:
    posterior = posterior_of([1.0] * 50)
    first, second = posterior.sample(40, 1)[:, 0], posterior.sample(40, 2)[:, 0]
    assert first.tolist() != second.tolist()
    assert len(set(first)) == 40
    assert np.abs(np.diff(first)).mean() > 5  # neighbours in the sample are no neighbours in distance
    with pytest.raises(CalibrationError, match="expected 1 or more draws"):
        posterior.sample(0, 1)


def test_quantiles_of_weighted_draws() -> None:
    posterior = posterior_of([1.0] * 99)
    assert posterior.quantile(0.5)[0] == pytest.approx(49.0)
    assert posterior_of([1.0, 1.0, 98.0]).quantile(0.5)[0] > 1.9
    assert posterior.effective_size == pytest.approx(99.0)


# --- transforms -----------------------------------------------------------------------------------------------------

TRANSFORMS = [Transform(), Transform("log"), Transform("log", -2.0), Transform("logit", -1.0, 3.0)]


@pytest.mark.parametrize("transform", TRANSFORMS)
@given(u=st.floats(0.0, 1.0))
def test_transforms_there_and_back(transform: Transform, u: float) -> None:
    low = transform.low if transform.kind != "identity" else -3.0
    value = np.array([low + 4.0 * u])
    there = transform.forward(value)
    assert np.isfinite(there).all()
    assert transform.back(there) == pytest.approx(value, abs=1e-10)


@pytest.mark.parametrize("transform", TRANSFORMS)
@given(value=st.floats(-1e3, 700.0))
def test_what_comes_back_lies_inside(transform: Transform, value: float) -> None:
    assert transform.inside(transform.back(np.array([value])))


def test_bad_transforms() -> None:
    with pytest.raises(CalibrationError, match=r"^logit: expected finite bounds"):
        Transform("logit", 1.0)
    with pytest.raises(CalibrationError, match=r"^logit: expected finite bounds"):
        Transform("logit", 1.0, 1.0)
    with pytest.raises(CalibrationError, match=r"^log: expected a finite"):
        Transform("log", -np.inf)


# --- refused --------------------------------------------------------------------------------------------------------


def test_bad_questions() -> None:
    table = normal_table(11, 1000)
    with pytest.raises(CalibrationError, match=r"^transforms: speed: no such parameter; expected some of p0"):
        fit(table, {"speed": Transform("log")}, accept=ACCEPT)
    with pytest.raises(CalibrationError, match=r"^p0: values outside its transform's bounds"):
        fit(table, {"p0": Transform("log")}, accept=ACCEPT)
    with pytest.raises(CalibrationError, match=r"^accept: expected a share that accepts at least 20 of 1000 rows"):
        fit(table, accept=0.01)
    with pytest.raises(CalibrationError, match=r"^accept: "):
        fit(table, accept=1.0)
    with pytest.raises(CalibrationError, match=r"^p0: does not vary"):
        fit(table_of(np.ones((1000, 1)), table.statistics), accept=ACCEPT)


# --- misfit ---------------------------------------------------------------------------------------------------------


def related_table() -> ReferenceTable:
    """Two statistics that go together, closely, and a third."""
    draw = np.random.default_rng(12)
    theta = draw.normal(size=(5000, 1))
    noise = draw.normal(size=(5000, 3))
    columns = theta + 0.1 * noise[:, 0:1], theta + 0.1 * noise[:, 1:2], noise[:, 2:3]
    return table_of(theta, np.hstack(columns))


def test_what_fits_is_not_named() -> None:
    table = related_table()
    assert outside(table, np.array([0.5, 0.45, -0.3])) == []
    assert outside(table, np.array([0.5, 0.45, np.nan])) == []


def test_misfit_is_named() -> None:
    table = related_table()
    found = outside(table, np.array([0.5, 0.45, 6.0]))
    assert ("s2", 1.0) in found
    assert (TOGETHER, 1.0) in found
    # Each value is common, but never the two together.
    broken = outside(table, np.array([1.0, -1.0, 0.0]))
    assert {misfit.statistic for misfit in broken} <= {"component 3 (s0 - s1)", "component 3 (s1 - s0)", TOGETHER}
    assert len(broken) == 2
    # Among simulations that resemble the observation, a value may be strange that is common in the whole table.
    observed = np.array([1.5, 1.5, 0.0])
    low = np.flatnonzero(table.theta[:, 0] < 0)
    assert outside(table, observed) == []
    assert {"s0", "s1"} <= {misfit.statistic for misfit in outside(table, observed, rows=low)}


@pytest.mark.statistical
def test_one_in_a_hundred_is_named_by_chance() -> None:
    table = related_table()
    found = [outside(table, row) for row in table.statistics[:500]]
    alone = sum(misfit.statistic in table.statistic_names for row in found for misfit in row)
    together = sum(misfit.statistic == TOGETHER for row in found for misfit in row)
    # Poisson of mean 15 and 5: more than 38 and 18 have probabilities below one in a million.
    assert 1 <= alone <= 38
    assert together <= 18


def test_bad_questions_of_misfit() -> None:
    table = related_table()
    with pytest.raises(CalibrationError, match=r"^observed: expected 3 statistics"):
        outside(table, np.zeros(2))
    with pytest.raises(CalibrationError, match=r"^level: "):
        outside(table, np.zeros(3), rows=np.arange(100))


# --- size -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_table_of_fifty_thousand_rows_takes_seconds() -> None:
    draw = np.random.default_rng(13)
    theta = draw.normal(size=(50_000, 8))
    statistics = theta @ draw.normal(size=(8, 60)) + draw.normal(size=(50_000, 60))
    table = table_of(theta, statistics)
    tracemalloc.start()
    begun = time.perf_counter()
    posterior = fit(table).posterior(statistics[0], without=0)
    seconds = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert posterior.draws.shape == (500, 8)
    assert seconds < 20.0
    assert peak < 1e9
