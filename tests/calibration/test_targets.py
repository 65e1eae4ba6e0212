"""The statistics themselves: against formulas elsewhere, brute force, and the spread of many samples."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from engine import assert_close_in_law
from target_samples import scattered

from calibration.gamma_poisson import season_factors
from calibration.static_tables import tail_exponent
from calibration.statistic import autocorrelation, bootstrap_error, dispersion, jackknife_error, proportion_error
from calibration.target_counts import overall_dispersion, season_multiple
from calibration.target_pairs import pair_variance
from calibration.target_sizes import (
    RAREFIED,
    gini,
    largest,
    lethal_mean,
    lethal_percentile,
    most_hit,
    places_per_event,
    rarefied,
    resampled_places,
    same_place,
    share_alone,
    tail_mean_log,
    top_share,
)
from calibration.targets import GROUPS, STATISTICS, Aggregates, aggregate, compare, embedded, tolerances, values

PLACES = np.array([0, 4, 2, 0, 1])  # four places with one event, two with two, one with four: 12 events
AT_PLACE = np.array([1, 1, 1, 1, 2, 2, 4])


def test_names_are_unique_and_labelled() -> None:
    names = [statistic.name for statistic in STATISTICS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert len({statistic.label for statistic in STATISTICS}) == len(names)
    assert all(statistic.basis and statistic.unit for statistic in STATISTICS)
    assert {
        "totals", "monthly", "weekly", "sizes", "near_repeat", "following", "places", "season", "victims",
    } == set(GROUPS)  # fmt: skip
    assert list(values(embedded())) == names == list(tolerances(embedded()))


def test_places_by_hand() -> None:
    assert share_alone(PLACES) == 4 / 12
    assert places_per_event(PLACES) == 7 / 12
    assert most_hit(PLACES) == 4 / 12
    assert same_place(PLACES) == (2 * 2 * 1 + 4 * 3) / (12 * 11)
    differences = np.abs(AT_PLACE[:, None] - AT_PLACE).sum()
    assert gini(PLACES) == pytest.approx(differences / (2 * 7 * 12))
    assert gini(np.array([0, 0, 5])) == pytest.approx(0.0)


def test_rarefied_places_are_the_mean_over_all_choices() -> None:
    for among in (1, 5, 11, 12):
        missed = [math.comb(12 - k, among) / math.comb(12, among) for k in AT_PLACE.tolist()]
        assert rarefied(PLACES, among) == pytest.approx((7 - sum(missed)) / among)
    assert math.isnan(rarefied(PLACES, 13))
    assert rarefied(embedded().places, RAREFIED) > rarefied(embedded().places, 2 * RAREFIED)


def test_resampled_places_have_as_many_events_and_some_new_places() -> None:
    places = embedded().places
    records = resampled_places(places)
    k = np.arange(places.size)
    assert all(record @ np.arange(record.size) == places @ k for record in records)
    # Without places not hit far fewer would be found again; Chao's estimate, a lower bound, makes up for most of that.
    seen_only = np.random.default_rng(1).multinomial(places @ k, np.repeat(k, places) / (places @ k), size=100)
    found, without = np.mean([record.sum() for record in records]), (seen_only > 0).sum(axis=1).mean()
    assert (without + places.sum()) / 2 < found < places.sum()
    twice_everywhere = resampled_places(np.array([0, 0, 6]))
    assert max(record.sum() for record in twice_everywhere) <= 6  # nothing hit once: no place is missing


def test_sizes_by_hand() -> None:
    sizes = np.zeros(31, np.int64)
    sizes[[0, 1, 2, 5, 9, 30]] = [10, 11, 5, 2, 1, 1]  # 20 with deaths
    dead = 11 + 10 + 10 + 9 + 30
    assert lethal_mean(sizes) == dead / 20
    assert lethal_percentile(sizes) == 9
    assert top_share(sizes) == (30 + 9) / dead
    assert top_share(sizes, 0.125) == (30 + 9 + 0.5 * 5) / dead
    assert tail_mean_log(sizes) == pytest.approx((2 * math.log(5 / 4.5) + math.log(2) + math.log(30 / 4.5)) / 4)
    assert largest(sizes) == 30


def test_the_tail_is_the_exponent_that_severity_is_fitted_by() -> None:
    # Severity is fitted to all recorded kinds, the target is of those of the model.
    assert 1 + 1 / values(embedded())["tail_mean_log"] == pytest.approx(tail_exponent(), abs=0.05)


def test_variance_over_mean_and_autocorrelation_by_hand() -> None:
    cells = [np.array([1.0, 3.0, 2.0]), np.array([4.0, 4.0])]
    assert dispersion(cells) == pytest.approx((1.0 / 2.0 + 0.0) / 2)
    assert autocorrelation(cells) == pytest.approx((-1 * 1 + 1 * 0) / 2)
    assert overall_dispersion(np.array([1.0, 3.0])) == 1.0
    assert math.isnan(dispersion([]))
    assert math.isnan(jackknife_error(cells[:1], dispersion))


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    cells = [np.array([v]) for v in (1.0, 4.0, 2.0, 9.0)]
    numbers = np.concatenate(cells)
    error = jackknife_error(cells, lambda kept: float(np.concatenate(kept).mean()))
    assert error == pytest.approx(numbers.std(ddof=1) / 2)


def test_the_bootstrap_of_a_mean_is_its_standard_error() -> None:
    sizes = embedded().sizes.sum(axis=0)
    deaths = np.arange(sizes.size)
    mean = float(sizes @ deaths / sizes.sum())
    spread = math.sqrt(float(sizes @ (deaths - mean) ** 2) / sizes.sum())
    found = bootstrap_error(sizes, lambda h: float(h @ deaths / h.sum()))
    assert found == pytest.approx(spread / math.sqrt(sizes.sum()), rel=0.15)
    assert found == bootstrap_error(sizes, lambda h: float(h @ deaths / h.sum()))


def test_shares_of_none_and_of_all_are_not_known_for_sure() -> None:
    assert proportion_error(50, 50) == pytest.approx(proportion_error(0, 50))
    assert proportion_error(50, 50) > 0
    assert proportion_error(500, 1000) == pytest.approx(math.sqrt(0.25 / 1000), rel=0.01)
    assert math.isnan(proportion_error(0, 0))


def test_pairs_are_poisson_where_none_are_in_excess() -> None:
    assert pair_variance(100.0, 90.0, 0.0) == 100.0
    assert pair_variance(100.0, 150.0, 0.6) == pytest.approx(100 + 50 * 1.6)


def test_levels_are_less_sure_where_events_come_in_bunches() -> None:
    recorded = embedded()
    events, found = recorded.events.sum(), values(recorded)["weekly_dispersion_within_quarters"]
    error = tolerances(recorded)["events_all"]
    assert error == pytest.approx(math.sqrt(events * found) / recorded.years)
    assert error > 1.2 * math.sqrt(events) / recorded.years


def test_seasons_are_those_of_the_forecaster_without_shrinkage() -> None:
    recorded = embedded()
    factors = season_factors(recorded.events.sum(axis=(1, 2)).astype(float), recorded.first_month, 1e-12)
    assert season_multiple(recorded, (7, 8)) == pytest.approx(factors[[7, 8]].mean())
    assert values(recorded)["season_mar"] == pytest.approx(factors[2])
    short = replace(recorded, events=recorded.events[:6], deaths=recorded.deaths[:6])
    assert math.isnan(season_multiple(short, (2,)))


def test_growth_is_no_season() -> None:
    recorded = embedded()
    growing = np.zeros_like(recorded.events)
    growing[:, 0, 0] = 20 * np.arange(1, 49)
    found = replace(recorded, events=growing)
    assert season_multiple(found, (5,)) == pytest.approx(1.0, abs=0.05)


def samples(raids: int) -> list[Aggregates]:
    rng = np.random.default_rng(11)
    numbers = rng.poisson(400, 150)
    return [aggregate(scattered(int(n), 500 + i, km=200.0, raids=raids)) for i, n in enumerate(numbers)]


TESTED = (
    "events_all", "events_koro", "deaths_all", "monthly_dispersion", "weekly_dispersion_within_quarters",
    "weekly_autocorrelation", "season_mar", "share_without_deaths_all", "lethal_mean", "top_tenth_of_deaths",
    "tail_mean_log", "share_alone", "places_per_event", f"places_among_{RAREFIED}", "victims_fulani_jihadists",
    "near_ratio_all_15km_3d", "near_excess_all_30km_7d", "near_ratio_attacks_on_civilians_15km_7d",
    "following_jihadist_on_civ_then_jihadist_on_civ_50km_7d", "following_jihadist_on_civ_then_state_on_civ_50km_7d",
)  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize("raids", [0, 80])
def test_tolerances_are_the_spread_of_values_over_samples(raids: int) -> None:
    # 150 made-up years, fixed seeds. A standard deviation from 150 values is off by 40 % once in 10^11 (normal law), so
    # that a tolerance right to within 15 % fails hardly ever; tolerances are meant to err on the wide side.
    drawn = samples(raids)
    found, errors = [values(a) for a in drawn], [tolerances(a) for a in drawn[:12]]
    for name in TESTED:
        spread = np.std([v[name] for v in found], ddof=1)
        tolerance = np.mean([e[name] for e in errors])
        assert 0.7 < tolerance / spread < 1.7, f"{name}: tolerance {tolerance:.3g}, spread {spread:.3g}"


@pytest.mark.statistical
def test_events_without_clusters_have_no_excess() -> None:
    # Mean over 150 samples within its error, for 4 + 2 statistics: false alarm once in some 170,000 seeds.
    drawn = samples(0)
    for name in ("near_excess_all_5km_3d", "near_excess_all_15km_7d", "near_excess_all_30km_14d",
                 "near_excess_all_60km_30d", "following_jihadist_on_civ_then_jihadist_on_civ_50km_7d",
                 "following_jihadist_on_civ_then_state_on_civ_25km_30d"):  # fmt: skip
        found = np.array([values(a)[name] for a in drawn])
        assert_close_in_law(found.mean(), 0.0, found.var(ddof=1) / found.size)


def test_rows_are_in_order_of_error() -> None:
    observed = embedded().in_year(2020)
    runs = [aggregate(scattered(300, seed)) for seed in range(5)]
    rows = compare(observed, runs)
    assert len(rows) == len(STATISTICS)
    errors = [abs(row.error) for row in rows if math.isfinite(row.error)]
    assert errors == sorted(errors, reverse=True)
    assert len(errors) == len(rows)
    row = next(row for row in rows if row.name == "near_excess_all_15km_7d")
    found = np.array([values(run)[row.name] for run in runs])
    expected = values(observed)[row.name]
    assert (row.observed, row.simulated) == (expected, pytest.approx(found.mean()))
    assert (row.low, row.high) == pytest.approx(tuple(np.quantile(found, [0.05, 0.95])))
    assert row.error == pytest.approx((found.mean() - expected) / tolerances(observed)[row.name])
    assert row.inside == (row.low <= expected <= row.high)


def test_a_record_compared_with_itself_is_inside_everywhere() -> None:
    rows = compare(embedded(), [embedded()] * 2)
    assert all(row.inside and row.error == pytest.approx(0.0, abs=1e-9) for row in rows)


def test_what_no_run_tells_comes_last_and_is_not_inside() -> None:
    nobody = replace(embedded(), victims=np.zeros_like(embedded().victims))
    rows = compare(embedded(), [nobody])
    assert {row.group for row in rows[-5:]} == {"victims"}
    assert not any(row.inside for row in rows[-5:])
    assert math.isnan(rows[-1].simulated)


def test_chosen_statistics_only() -> None:
    chosen = [statistic for statistic in STATISTICS if statistic.by_year]
    rows = compare(embedded().in_year(2020), [embedded().in_year(2019)], chosen)
    assert {row.name for row in rows} == {statistic.name for statistic in chosen}


def test_a_comparison_needs_runs() -> None:
    with pytest.raises(ValueError, match="expected the aggregates of at least one run"):
        compare(embedded(), [])


@pytest.mark.parametrize("function", [share_alone, places_per_event, most_hit, same_place, gini, rarefied])
def test_no_events_at_no_places(function: Callable[[np.ndarray], float]) -> None:
    assert math.isnan(function(np.array([0])))
