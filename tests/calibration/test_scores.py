"""Scores of known ensembles, and transforms that are uniform exactly when a forecast is honest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from abm.randomness import uniforms
from calibration import scores
from calibration.scores import (
    BIN_ENDS,
    central_interval,
    covered,
    crps,
    ignorance,
    interval_score,
    pit_uniforms,
    randomised_pit,
    uniformity,
)


def keyed(seed: int, *shape: int) -> np.ndarray:
    return uniforms(seed, 71, np.arange(int(np.prod(shape)), dtype=np.int64), 1, 0).reshape(shape)


def plain_crps(draws: np.ndarray, observed: float) -> float:
    """E|X - y| less half of E|X - X'| over all pairs of different draws."""
    n = draws.size
    pairs = np.abs(draws[:, None] - draws[None, :]).sum() / (n * (n - 1))
    return float(np.abs(draws - observed).mean() - pairs / 2)


def test_crps_of_known_ensembles() -> None:
    assert crps(np.full((10, 1), 4.0), np.array([1.0]))[0] == pytest.approx(3.0)
    assert crps(np.array([[0.0], [2.0]]), np.array([1.0]))[0] == pytest.approx(1.0 - 0.5 * 2.0)
    values = np.floor(10 * keyed(1, 40, 3, 2) ** 3)
    observed = np.array([[0.0, 1.0], [5.0, 2.0], [30.0, 0.0]])
    ours = crps(values, observed)
    for place in np.ndindex(observed.shape):
        assert ours[place] == pytest.approx(plain_crps(values[(slice(None), *place)], observed[place]))


def test_crps_of_many_draws_is_the_integral() -> None:
    mean, observed = 3.0, 5.0
    grid = np.arange(200)
    exact = ((stats.poisson.cdf(grid, mean) - (grid >= observed)) ** 2).sum()
    draws = stats.poisson.ppf((np.arange(20_000) + 0.5) / 20_000, mean)[:, None]
    assert crps(draws, np.array([observed]))[0] == pytest.approx(exact, rel=2e-3)


def test_few_draws_are_not_punished() -> None:
    values = stats.poisson.ppf(keyed(2, 6, 40_000), 3.0)
    observed = stats.poisson.ppf(keyed(3, 40_000), 3.0)
    many = stats.poisson.ppf(keyed(4, 600, 2_000), 3.0)
    few_mean, many_mean = crps(values, observed).mean(), crps(many, observed[:2_000]).mean()
    # Standard error of the mean of 2,000 scores: about .02. The plain estimator would be .16 higher with 6 draws.
    assert few_mean == pytest.approx(many_mean, abs=0.08)


def test_ignorance_is_bits_of_the_smoothed_bin() -> None:
    draws = np.array([0, 0, 1, 2, 3, 2000], dtype=float)[:, None]
    bins = len(BIN_ENDS) + 1
    for observed, same in ((0, 2), (1, 2), (2, 2), (5, 1), (6, 0), (1001, 1), (700, 0)):
        expected = -np.log2((same + 1) / (6 + bins))
        assert ignorance(draws, np.array([float(observed)]))[0] == pytest.approx(expected)
    each_bin = [0, 1, 3, 6, 11, 26, 51, 101, 251, 501, 1001]
    total = sum(2.0 ** -ignorance(draws, np.array([float(value)]))[0] for value in each_bin)
    assert total == pytest.approx(1.0)


def test_interval_score() -> None:
    draws = np.arange(1.0, 101.0)[:, None]
    low, high = central_interval(draws)
    assert (low[0], high[0]) == (5.0, 95.0)
    assert interval_score(draws, np.array([50.0]))[0] == pytest.approx(90.0)
    assert interval_score(draws, np.array([2.0]))[0] == pytest.approx(90.0 + 20.0 * 3.0)
    assert interval_score(draws, np.array([99.0]))[0] == pytest.approx(90.0 + 20.0 * 4.0)
    assert covered(draws, np.array([5.0]))[0] == 1.0
    assert covered(draws, np.array([4.0]))[0] == 0.0


@pytest.mark.parametrize("shape", [(), (1,), (1, 4, 2), (0, 4, 2), (3, 1)])
def test_scores_keep_the_shape_of_observations(shape: tuple[int, ...]) -> None:
    draws, observed = np.ones((5, *shape)), np.zeros(shape)
    for score in (crps, ignorance, interval_score, covered):
        assert score(draws, observed).shape == shape
    assert randomised_pit(draws, observed, pit_uniforms(1, shape)).shape == shape


def test_draws_of_another_shape_are_refused() -> None:
    for score in (crps, ignorance, interval_score, covered):
        with pytest.raises(ValueError, match=r"\(draws, \*\(3,\)\)"):
            score(np.ones((5, 4)), np.ones(3))
        with pytest.raises(ValueError, match="2 draws"):
            score(np.ones((1, 3)), np.ones(3))


def test_transform_of_ties() -> None:
    draws = np.array([0, 0, 0, 1, 2], dtype=float)[:, None]
    low = randomised_pit(draws, np.array([0.0]), np.array([0.0]))[0]
    high = randomised_pit(draws, np.array([0.0]), np.array([1.0]))[0]
    assert (low, high) == (0.0, pytest.approx(4 / 6))
    assert randomised_pit(draws, np.array([9.0]), np.array([0.5]))[0] == pytest.approx(5.5 / 6)


@pytest.mark.statistical
def test_transforms_of_a_perfect_forecaster_are_uniform() -> None:
    """False alarm in 1 of 1,000 seeds: p below 0.001 of a chi-square that is exact in the limit of 6,000 counts."""
    means = 6.0 * keyed(5, 6_000) ** 4  # mostly far below one, as in the record
    draws = stats.poisson.ppf(keyed(6, 50, 6_000), means)
    observed = stats.poisson.ppf(keyed(7, 6_000), means)
    shares, p = uniformity(randomised_pit(draws, observed, pit_uniforms(8, observed.shape)))
    assert p > 0.001
    assert shares.sum() == pytest.approx(1.0)
    # Intervals cover far more than they say at such counts: they cannot be the judge.
    assert covered(draws, observed).mean() > 0.94


@pytest.mark.parametrize("wrong", [0.5, 1.6])
def test_transforms_of_a_biased_forecaster_are_not(wrong: float) -> None:
    means = 6.0 * keyed(5, 6_000) ** 4
    draws = stats.poisson.ppf(keyed(6, 50, 6_000), wrong * means)
    observed = stats.poisson.ppf(keyed(7, 6_000), means)
    assert uniformity(randomised_pit(draws, observed, pit_uniforms(8, observed.shape)))[1] < 1e-6


def test_missing_transforms_are_left_out() -> None:
    shares, p = uniformity(np.array([0.05, 0.15, np.nan, 0.95] * 10))
    assert shares.sum() == pytest.approx(1.0)
    assert p < 0.001


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(scores, "import_module", missing)
    scores._scoringrules.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"sector-centre\[calibration\]"):
        crps(np.ones((2, 1)), np.ones(1))
    scores._scoringrules.cache_clear()
