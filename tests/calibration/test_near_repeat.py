"""Near repeats: the exact expectation against shuffles of dates within quarters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import Z_LIMIT

from abm.calendar import date_of
from abm.data import read_table
from calibration.near_repeat import DISTANCES_KM, WINDOWS_DAYS, near_repeats, quarter_of, recorded_ratios
from calibration.raid_series import recorded_excess


def scattered(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(1000, 1400, n), rng.uniform(0, 150, n), rng.uniform(0, 150, n)


def test_quarters_are_those_of_the_calendar() -> None:
    days = np.arange(1000, 1800)
    quarters = quarter_of(days)
    assert (np.diff(quarters) >= 0).all()
    for day, quarter in zip(days.tolist(), quarters.tolist(), strict=True):
        when = date_of(day)
        assert divmod(quarter, 4) == (when.year, (when.month - 1) // 3)


def test_observed_pairs_are_counted_one_by_one() -> None:
    day, x, y = scattered(120, 1)
    apart, gap = np.hypot(x[:, None] - x, y[:, None] - y), np.abs(day[:, None] - day)
    pairs = np.triu(np.ones((120, 120), bool), 1)
    results = near_repeats(day, x, y)
    assert [(r.km, r.days) for r in results] == [(km, days) for km in DISTANCES_KM for days in WINDOWS_DAYS]
    for r in results:
        assert r.observed == int((pairs & (apart <= r.km) & (gap <= r.days)).sum())


@pytest.mark.statistical
def test_the_expectation_is_that_of_shuffles_within_quarters() -> None:
    # What a permutation test would converge to, without its noise. 400 shuffles; each of 16 means within its error.
    day, x, y = scattered(150, 2)
    day[:40] = day[0] + np.arange(40) % 5  # a cluster, so that dates within a quarter are unlike each other
    quarter, rng = quarter_of(day), np.random.default_rng(3)
    exact = near_repeats(day, x, y)
    counts = np.empty((400, len(exact)))
    for i in range(400):
        shuffled = day.copy()
        for q in np.unique(quarter):
            shuffled[quarter == q] = rng.permutation(day[quarter == q])
        counts[i] = [r.observed for r in near_repeats(shuffled, x, y)]
    error = counts.std(axis=0, ddof=1) / math.sqrt(400)
    expected = np.array([r.expected for r in exact])
    assert (np.abs(counts.mean(axis=0) - expected) < Z_LIMIT * error).all()


def test_ratios_are_observed_over_expected() -> None:
    results = near_repeats(*scattered(200, 4))
    for r in results:
        assert r.ratio == r.observed / r.expected
    lonely = near_repeats(np.array([1000, 1001]), np.array([0.0, 500.0]), np.array([0.0, 0.0]))
    assert all(math.isnan(r.ratio) for r in lonely)


def test_recorded_ratios_are_those_of_the_table() -> None:
    ratios = recorded_ratios()
    for row in read_table("near_repeat_knox_2017_2020"):
        if row["events"] == "all":
            assert ratios[float(row["within_km"]), int(row["within_days"])] == float(row["ratio"])
            observed, expected = int(row["pairs_observed"]), float(row["pairs_expected"])
            assert float(row["ratio"]) == pytest.approx(observed / expected, abs=0.02)
    # Multi-village raids: the excess is largest close by and within days.
    assert ratios[5.0, 3] > ratios[15.0, 7] > ratios[60.0, 30] >= 1.0


def test_the_excess_to_be_matched_is_per_event() -> None:
    excess, error = recorded_excess()
    assert excess.shape == error.shape == (4, 4)
    assert (error > 0).all()
    assert (excess > 0).all()
    assert (np.diff(excess, axis=1) > -2 * error[:, 1:]).all()  # a longer window holds the shorter one's pairs
