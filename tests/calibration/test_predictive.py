"""Predictive runs of the four recorded years: the course they are given, and the comparison with the targets."""

from __future__ import annotations

import numpy as np
import pytest
from target_samples import scattered

from abm.calendar import day_of
from abm.draws import DRAWS, JEFFREYS
from abm.geography import CERCLES
from abm.kinds import KINDS
from calibration import predictive
from calibration.predictive import FITTED, YEARS, checked, run_record, yearly_counts, yearly_course
from calibration.record_table import recorded
from calibration.targets import STATISTICS, aggregate, embedded, tolerances, values

FOUR_YEARS = day_of(predictive.date(2017, 1, 1)), day_of(predictive.date(2021, 1, 1))


def test_counts_are_those_of_the_modelled_kinds() -> None:
    counts = yearly_counts()
    assert counts.shape == (YEARS, len(CERCLES))
    assert counts[FITTED].sum() == 542  # of the ten kinds, in 2020
    assert counts.sum() == recorded().events[:, :, : len(KINDS)].sum()
    assert counts[1, 4] == recorded().events[12:24, 4, : len(KINDS)].sum()


def test_the_course_of_a_run_is_its_own_and_stays_for_a_year() -> None:
    course = yearly_course(3)
    assert course.shape == (12 * YEARS, len(CERCLES))
    assert np.array_equal(course, yearly_course(3))
    assert not np.array_equal(course, yearly_course(4))
    for year in range(YEARS):
        assert (course[12 * year : 12 * year + 12] == course[12 * year]).all()
    assert (course[12 * FITTED :] == 1.0).all()
    assert (course[: 12 * FITTED] > 0).all()
    # Cercles and years are drawn apart from each other.
    levels = course[[0, 12, 24]] / ((yearly_counts()[:3] + JEFFREYS) / (yearly_counts()[FITTED] + JEFFREYS))
    assert np.unique(levels).size == levels.size


@pytest.mark.statistical
def test_the_mean_course_is_the_recorded_ratio() -> None:
    """400 runs, each cell within five standard errors of a gamma's mean: false alarm 1 in 40,000 for all 45."""
    runs = np.array([yearly_course(run)[[0, 12, 24]] for run in range(400)])
    counts = yearly_counts()
    expected = (counts[:3] + JEFFREYS) / (counts[FITTED] + JEFFREYS)
    error = np.sqrt(counts[:3] + JEFFREYS) / (counts[FITTED] + JEFFREYS) / np.sqrt(400)
    assert (np.abs(runs.mean(axis=0) - expected) < 5 * error).all()
    assert runs.var(axis=0) == pytest.approx(400 * error**2, rel=0.6)
    # The many of Koro in 2019 against few of 2017 are no accident of the draw.
    assert expected[2, CERCLES.index("Koro")] > 3 * expected[0, CERCLES.index("Koro")]


def test_cercles_and_years_without_events_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (yearly_counts() == 0).any()  # there are some
    monkeypatch.setattr(predictive, "yearly_counts", lambda: np.zeros((YEARS, len(CERCLES))))
    course = yearly_course(0)
    assert np.isfinite(course).all()
    assert (course >= 0).all()


def test_all_targets_are_compared_and_the_largest_error_comes_first() -> None:
    runs = [aggregate(scattered(1_500, seed, days=FOUR_YEARS, raids=300)) for seed in range(3)]
    rows = checked(runs)
    assert {row.name for row in rows} == {s.name for s in STATISTICS}
    errors = [abs(row.error) for row in rows if np.isfinite(row.error)]
    assert errors == sorted(errors, reverse=True)
    assert len(errors) > len(STATISTICS) / 2
    total = next(row for row in rows if row.name == "events_all")
    observed = values(embedded())["events_all"]
    simulated = np.mean([values(run)["events_all"] for run in runs])
    assert total.observed == observed
    assert total.error == pytest.approx((simulated - observed) / tolerances(embedded())["events_all"])
    assert rows[0].error != 0  # made-up events are no record


def test_the_record_itself_fits() -> None:
    rows = checked([embedded(), embedded()])
    assert all(row.error == pytest.approx(0.0) for row in rows if np.isfinite(row.error))
    assert all(row.inside for row in rows if np.isfinite(row.error))


@pytest.mark.slow
def test_a_run_goes_through_all_four_years() -> None:
    run = run_record(0)
    found, observed = values(run), values(embedded())
    assert 0.4 < found["events_all"] / observed["events_all"] < 2.5
    again = predictive.predictive(1, workers=1)[0]
    assert values(again) == pytest.approx(found, nan_ok=True)
    # The same draw of the posterior with another seed and another course.
    assert values(run_record(DRAWS))["events_all"] != found["events_all"]
