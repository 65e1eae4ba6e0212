"""The filter against closed forms and plain loops; its draws against its own law; deaths against convolutions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from abm.geography import CERCLES, ZONE_OF_CERCLE, cercle_population
from abm.randomness import uniforms
from calibration.death_law import (
    MOST_DEATHS,
    DeathLaw,
    cercle_pmfs,
    draw_deaths,
    fit_law,
    kind_mix,
    log_likelihood,
    regional_law,
    sum_pmf,
)
from calibration.gamma_poisson import (
    FIRST_MONTHS,
    FIRST_RATE,
    GRID,
    GROWTH_MONTHS,
    SMALLEST_SHAPE,
    GammaPoisson,
    Grid,
    dirichlet_shares,
    discounted,
    exposures,
    filtered_levels,
    log_probability,
    predict,
    season_factors,
    setting_weights,
    settings_of,
    weights_of,
)
from calibration.record_table import RECORDED_KINDS, RecordTable, days_in_month, month_number, recorded_before

JANUARY = month_number("2017-01")
ONE_SETTING = Grid((30.0,), (0.02,), (0.75,), (0.8,), (15.0,), (2.0,), (4.0,))


def counted(mean: float | np.ndarray, months: int, seed: int = 1) -> np.ndarray:
    """Poisson counts (months, 15) of a given mean, from keyed uniforms."""
    u = uniforms(seed, 71, np.arange(months * len(CERCLES), dtype=np.int64), 0, 0).reshape(months, len(CERCLES))
    return stats.poisson.ppf(u, mean).astype(np.int64)


def record_of(events: np.ndarray, deaths: np.ndarray | None = None) -> RecordTable:
    """A record of one kind."""
    events = events[:, :, None]
    return RecordTable(
        JANUARY, events, np.zeros_like(events) if deaths is None else deaths[:, :, None],
        ("civilians_by_jihadists",), ("civilians_by_jihadists",), np.ones(len(CERCLES), np.bool_),
    )  # fmt: skip


# --- the filter ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("discount", [0.5, 0.9, 1.0])
def test_the_sum_is_the_recursion(discount: float) -> None:
    counts, exposure = counted(2.0, 30).astype(float), days_in_month(JANUARY, 30)
    a, b = np.full(len(CERCLES), FIRST_RATE * FIRST_MONTHS), FIRST_MONTHS
    for y, e in zip(counts, exposure, strict=True):
        a, b = discount * a + y, discount * b + e
    shape, rate = discounted(counts, exposure, discount)
    assert shape == pytest.approx(a)
    assert float(rate) == pytest.approx(b)


def test_counts_of_a_gamma_rate_are_negative_binomial() -> None:
    a, b, exposure = 2.7, 1.3, 0.9
    for y in range(6):
        mixed, _ = integrate.quad(
            lambda rate, y=y: stats.poisson.pmf(y, rate * exposure) * stats.gamma.pdf(rate, a, scale=1 / b), 0, np.inf
        )
        mean = a / b * exposure
        ours = float(np.exp(log_probability(np.array(float(y)), np.array(mean), np.array(a))))
        assert ours == pytest.approx(mixed, rel=1e-6)
        assert ours == pytest.approx(stats.nbinom.pmf(y, a, b / (b + exposure)), rel=1e-9)


def test_one_setting_equals_a_plain_loop() -> None:
    counts, horizon = counted(np.linspace(0.1, 4.0, len(CERCLES)), 20), 8
    season, growth, d, d_zone, by_population, k, month_shape = (values[0] for values in ONE_SETTING)
    law = predict(counts, JANUARY, horizon, ONE_SETTING)
    factors = season_factors(counts.sum(axis=1).astype(float), JANUARY, season)
    length = days_in_month(JANUARY, 20 + horizon)
    people = cercle_population()

    def exposure(t: int) -> float:
        return length[t] * factors[t % 12] * math.exp(growth * min(t - 19, GROWTH_MONTHS))

    for c in range(len(CERCLES)):
        mates = [m for m in range(len(CERCLES)) if ZONE_OF_CERCLE[m] == ZONE_OF_CERCLE[c]]
        a = a_zone = FIRST_RATE * FIRST_MONTHS
        b = b_zone = FIRST_MONTHS
        for t in range(20):
            a, b = d * a + counts[t, c], d * b + exposure(t)
            a_zone, b_zone = d_zone * a_zone + counts[t, mates].sum(), d_zone * b_zone + exposure(t)
        in_zone = people[c] / people[mates].sum()
        share = (counts[:, c].sum() + by_population * in_zone) / (counts[:, mates].sum() + by_population)
        for ahead in range(1, horizon + 1):
            shape = d**ahead * a + k * share * a_zone / b_zone
            mean = shape / (d**ahead * b + k) * exposure(19 + ahead)
            assert law.mean[0, ahead - 1, c] == pytest.approx(mean)
            assert law.level_shape[0, ahead - 1, c] == pytest.approx(shape)
            assert law.shape[0, ahead - 1, c] == pytest.approx(1 / (1 / shape + 1 / month_shape))
            assert law.zone_part[0, ahead - 1, c] == pytest.approx(k * share * a_zone / b_zone / shape)


def test_settings_come_in_the_order_of_the_grid() -> None:
    counts = counted(2.0, 14)
    whole = predict(counts, JANUARY, 3, GRID)
    for place in (0, 1, 100, whole.mean.shape[0] - 1):
        values = settings_of(GRID, np.array([place]))
        alone = predict(counts, JANUARY, 3, Grid(*((float(v[0]),) for v in values.values())))
        assert np.allclose(alone.mean[0], whole.mean[place])
        assert np.allclose(alone.shape[0], whole.shape[place])
        assert np.allclose(alone.zone_part[0], whole.zone_part[place])


def test_without_a_zone_nothing_but_the_cercle_counts() -> None:
    grid = ONE_SETTING._replace(zone_months=(0.0,), growths=(0.0,), seasons=(math.inf,))
    counts = np.zeros((20, len(CERCLES)), np.int64)
    counts[:, 0] = 5
    law = predict(counts, JANUARY, 2, grid)
    assert law.mean[0, 0, 0] == pytest.approx(5 * days_in_month(JANUARY + 20, 1)[0], rel=0.02)
    assert law.mean[0, 0, 1:].max() < 0.001
    assert law.zone_part.max() == 0.0
    assert law.level_shape.min() >= SMALLEST_SHAPE


def test_far_ahead_a_cercle_is_its_part_of_the_zone() -> None:
    grid = ONE_SETTING._replace(cercle_discounts=(0.5,), growths=(0.0,), seasons=(math.inf,))
    counts = np.zeros((24, len(CERCLES)), np.int64)
    counts[:12, 0] = 8  # Bandiagara was violent, then Bankass
    counts[12:, 1] = 8
    law = predict(counts, JANUARY, 12, grid)
    share = dirichlet_shares(counts.astype(float), 15.0)
    length = days_in_month(JANUARY + 24, 12)
    assert share[0] == pytest.approx(share[1], rel=0.05)
    # One month ahead half of two months of its own past (now all in Bankass) stands against two months of the zone.
    assert law.mean[0, 0, 1] > 1.9 * law.mean[0, 0, 0]
    assert law.mean[0, -1, 0] / length[-1] == pytest.approx(share[0] * 8, rel=0.1)
    assert law.mean[0, -1, 1] / length[-1] == pytest.approx(share[1] * 8, rel=0.1)


def test_shares_add_up_to_one_in_each_zone_and_are_never_zero() -> None:
    counts = np.zeros((5, len(CERCLES)))
    counts[0, 4] = 30
    shares = dirichlet_shares(counts, 15.0)
    assert np.bincount(ZONE_OF_CERCLE, weights=shares) == pytest.approx(np.ones(4))
    assert shares.min() > 0
    assert shares[4] > 2 / 3


def test_season_is_found_and_growth_is_not_taken_for_one() -> None:
    wave = 1.0 + 0.4 * np.cos(2 * np.pi * np.arange(12) / 12)
    length = days_in_month(JANUARY, 48)
    level = 50.0 * np.exp(0.02 * np.arange(48))
    growing = season_factors(level * length, JANUARY, 0.0)
    # At both ends the window is one-sided, so that growth shows a little.
    assert np.abs(growing - 1.0).max() < 0.06
    found = season_factors(50.0 * np.tile(wave, 4) * length, JANUARY, 0.0)
    assert found == pytest.approx(wave, rel=0.08)
    shrunk = season_factors(50.0 * np.tile(wave, 4) * length, JANUARY, 1e6)
    assert np.abs(shrunk - 1.0).max() < 0.001
    assert np.array_equal(season_factors(level, JANUARY, math.inf), np.ones(12))


def test_growth_stops_after_half_a_year() -> None:
    grid = Grid(seasons=(math.inf,), growths=(0.0, 0.1))
    e = exposures(np.ones(10), JANUARY, 12, grid)
    ratio = e[0, 1] / e[0, 0]
    assert ratio[9] == pytest.approx(1.0)
    assert ratio[9 + GROWTH_MONTHS] == pytest.approx(math.exp(0.1 * GROWTH_MONTHS))
    assert ratio[-1] == pytest.approx(ratio[9 + GROWTH_MONTHS])


def test_settings_are_believed_by_how_well_they_forecast() -> None:
    grid = Grid((math.inf,), (0.0,), (0.5, 0.97), (0.9,), (15.0,), (0.0,), (math.inf,))
    steady = setting_weights(counted(3.0, 30), JANUARY, grid, learning_rate=1 / 12)
    means = np.where((np.arange(30) // 6 % 2 == 0)[:, None], 0.2, 8.0) * np.ones(len(CERCLES))
    jumping = setting_weights(counted(means, 30), JANUARY, grid, learning_rate=1 / 12)
    assert steady.sum() == pytest.approx(1.0)
    assert steady[1] > 0.95
    assert jumping[1] < 0.05


def test_weights() -> None:
    assert weights_of(np.array([-1.0, 0.0]), 1.0)[1] == pytest.approx(1 / (1 + math.exp(-1)))
    assert weights_of(np.array([-1e6, -2.0, -3.0]), math.inf).tolist() == [0.0, 1.0, 0.0]
    assert weights_of(np.array([-9.0, 0.0]), 0.0).tolist() == [0.5, 0.5]


def test_levels_of_a_steady_record() -> None:
    levels = filtered_levels(record_of(counted(4.0, 48)))
    expected = np.bincount(ZONE_OF_CERCLE) * 4.0 / days_in_month(JANUARY, 48).mean()
    assert levels.zone_shape / levels.zone_rate == pytest.approx(expected, rel=0.3)
    assert levels.cercle_shape / levels.cercle_rate == pytest.approx(np.full(len(CERCLES), 4.0), rel=0.9)
    assert np.bincount(ZONE_OF_CERCLE, weights=levels.dirichlet).sum() > 0.9 * 4 * 48 * len(CERCLES)
    assert levels.season == pytest.approx(np.ones(12), abs=0.2)


# --- draws --------------------------------------------------------------------------------------------------------


@pytest.mark.statistical
def test_draws_have_the_negative_binomial_law() -> None:
    """Chi-square of 20,000 draws in each of 6 cells: false alarm in 1 of 1,000 seeds (0.001 over 6 cells)."""
    record = record_of(counted(np.linspace(0.1, 6.0, len(CERCLES)), 20))
    law = predict(record.target_events, JANUARY, 3, ONE_SETTING)
    draws = GammaPoisson(ONE_SETTING).events(record, record.end, 3, 20_000)
    for ahead in (0, 2):
        for cercle in (3, 8, 14):
            shape, mean = law.shape[0, ahead, cercle], law.mean[0, ahead, cercle]
            top = int(stats.nbinom.ppf(0.99, shape, shape / (shape + mean)))
            expected = stats.nbinom.pmf(np.arange(top), shape, shape / (shape + mean))
            expected = np.append(expected, 1 - expected.sum()) * 20_000
            seen = np.bincount(np.minimum(draws[:, ahead, cercle], top), minlength=top + 1)
            assert stats.chisquare(seen, expected).pvalue > 0.001 / 6


def test_draws_of_a_zone_hang_together() -> None:
    record = record_of(counted(4.0, 20))
    draws = GammaPoisson(ONE_SETTING).events(record, record.end, 6, 4_000).astype(float)
    together = np.corrcoef(draws[:, 0, 0], draws[:, 0, 1])[0, 1]
    apart = np.corrcoef(draws[:, 0, 0], draws[:, 0, 9])[0, 1]
    in_time = np.corrcoef(draws[:, 0, 0], draws[:, 1, 0])[0, 1]
    # Standard error of a correlation of 4,000 independent pairs: 0.016.
    assert together > 0.06
    assert in_time > 0.06
    assert abs(apart) < 0.06


def test_a_forecast_is_the_same_every_time_and_deaths_need_events() -> None:
    record = recorded_before("2018-07")
    first = GammaPoisson()(record, record.end, 2, 60)
    assert first.shape == (60, 2, len(CERCLES), 2)
    assert np.array_equal(first, GammaPoisson()(record, record.end, 2, 60))
    assert not first[first[..., 0] == 0, 1].any()
    assert first[..., 1].sum() > first[..., 0].sum()
    # A draw does not depend on how many there are, nor on how far ahead one looks.
    assert np.array_equal(first[:30, :1], GammaPoisson()(record, record.end, 1, 30))


def test_a_cercle_without_a_record_is_refused() -> None:
    record = recorded_before("2018-07").without([2])
    with pytest.raises(ValueError, match=r"calibration\.spatial"):
        GammaPoisson()(record, record.end, 1, 10)


# --- deaths -------------------------------------------------------------------------------------------------------

LAW = DeathLaw(0.4, 0.8, 1.2)


def test_a_law_of_deaths() -> None:
    pmf = LAW.pmf
    assert pmf.shape == (MOST_DEATHS + 1,)
    assert pmf.sum() == pytest.approx(1.0)
    assert pmf[0] == 0.4
    edges = stats.norm.cdf((np.log([1.5, 2.5, 0.5, MOST_DEATHS + 0.5]) - 0.8) / 1.2)
    assert pmf[2] == pytest.approx(0.6 * (edges[1] - edges[0]) / (edges[3] - edges[2]))
    assert LAW.mean == pytest.approx(sum(k * p for k, p in enumerate(pmf)))


def test_a_sum_is_a_convolution() -> None:
    pmf = LAW.pmf
    three = np.convolve(np.convolve(pmf, pmf), pmf)
    assert sum_pmf(pmf, 3)[: three.size] == pytest.approx(three, abs=1e-12)
    assert sum_pmf(pmf, 0).tolist() == [1.0]
    for events in (1, 40, 500):
        of_sum = sum_pmf(pmf, events)
        assert of_sum.sum() == pytest.approx(1.0, abs=1e-9)
        assert of_sum @ np.arange(of_sum.size) == pytest.approx(events * LAW.mean, rel=1e-6)


def test_likelihood_of_sums() -> None:
    one = math.log(LAW.pmf[3])
    two = math.log(np.convolve(LAW.pmf, LAW.pmf)[5])
    assert log_likelihood(LAW, np.array([1, 2]), np.array([3, 5])) == pytest.approx(one + two)


def test_a_law_is_found_again_from_sums() -> None:
    events = 1 + np.arange(900) % 4
    u = uniforms(3, 71, np.arange(900, dtype=np.int64), 0, 0)
    deaths = np.array(
        [int(np.searchsorted(np.cumsum(sum_pmf(LAW.pmf, n)), v)) for n, v in zip(events.tolist(), u, strict=True)]
    )
    found = fit_law(events, deaths)
    # Standard errors from 2,250 events in 900 sums: about .02, .06, .05.
    assert found.none == pytest.approx(LAW.none, abs=0.08)
    assert found.mu == pytest.approx(LAW.mu, abs=0.24)
    assert found.sigma == pytest.approx(LAW.sigma, abs=0.2)


def test_without_events_a_law_is_its_centre() -> None:
    nothing = np.zeros(0, np.int64)
    found = fit_law(nothing, nothing, centre=LAW)
    assert (found.none, found.mu, found.sigma) == pytest.approx((LAW.none, LAW.mu, LAW.sigma))
    few = fit_law(np.array([1, 1]), np.array([0, 0]), centre=LAW)
    assert LAW.none < few.none < 0.6


def test_deaths_are_quantiles_of_the_sum() -> None:
    pmfs = np.tile(LAW.pmf, (len(CERCLES), 1))
    events = np.full((1, 3, len(CERCLES)), 2)
    events[0, 0] = 0
    u = np.full(events.shape, 0.5)
    u[0, 2] = 0.999
    deaths = draw_deaths(pmfs, events, u)
    upper = np.cumsum(np.convolve(LAW.pmf, LAW.pmf))
    assert not deaths[0, 0].any()
    assert (deaths[0, 1] == np.flatnonzero(upper >= 0.5)[0]).all()
    assert (deaths[0, 2] == np.flatnonzero(upper >= 0.999)[0]).all()


def test_kinds_are_mixed_by_cercle() -> None:
    record = recorded_before("2020-01")
    mix = kind_mix(record)
    assert mix.shape == (len(CERCLES), len(RECORDED_KINDS))
    assert mix.sum(axis=1) == pytest.approx(np.ones(len(CERCLES)))
    assert mix.min() > 0
    one = kind_mix(record.aimed_at(["civilians_by_fulani_militia"]))
    assert one.ravel().tolist() == pytest.approx([1.0] * len(CERCLES))
    dogon = RECORDED_KINDS.index("civilians_by_dogon_dozo_militia")
    assert mix[CERCLES.index("Koro"), dogon] > mix[CERCLES.index("Douentza"), dogon]


def test_deadlier_kinds_have_deadlier_laws() -> None:
    record = recorded_before("2020-01")
    dead = {}
    for kind in ("militia_v_militia", "civilians_by_unidentified"):
        column = RECORDED_KINDS.index(kind)
        pmf = cercle_pmfs(record.aimed_at([kind]))[0]
        seen = record.deaths[:, :, column].sum() / record.events[:, :, column].sum()
        dead[kind] = (pmf @ np.arange(pmf.size), seen)
        assert dead[kind][0] == pytest.approx(seen, rel=0.35)
    fitted, seen = zip(*dead.values(), strict=True)
    assert (fitted[0] > fitted[1]) == (seen[0] > seen[1])


def test_the_region_is_the_known_cercles() -> None:
    record = recorded_before("2018-07")
    other = replace(record, deaths=np.where(np.arange(len(CERCLES))[:, None] == 4, record.events * 50, record.deaths))
    assert regional_law(other).mean > regional_law(record).mean
    assert regional_law(other.without([4])) == regional_law(record.without([4]))
