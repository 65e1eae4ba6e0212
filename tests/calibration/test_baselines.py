"""Each baseline against what it is by definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from abm.geography import CERCLES, cercle_population
from calibration.baselines import BASELINES, JEFFREYS_SHAPE, conflictology, last_month, moments_law, zero
from calibration.record_table import RecordTable, month_number, recorded_before
from calibration.spatial import SETTINGS as SPATIAL_SETTINGS
from calibration.spatial import borders, from_neighbours, population_alone, surroundings
from calibration.spatial import setting_weights as spatial_weights

RECORD = recorded_before("2020-01")
ORIGIN = month_number("2020-01")


def test_zero_is_zero() -> None:
    assert not zero(RECORD, ORIGIN, 12, 10).any()


def test_last_month_comes_again() -> None:
    forecast = last_month(RECORD, ORIGIN, 3, 5)
    assert forecast.shape == (5, 3, len(CERCLES), 2)
    assert (forecast[..., 0] == RECORD.target_events[-1]).all()
    assert (forecast[..., 1] == RECORD.target_deaths[-1]).all()


@pytest.mark.parametrize("months", [12, 24])
def test_conflictology_is_the_past_distribution(months: int) -> None:
    forecast = conflictology(months)(RECORD, ORIGIN, 4, 6_000)
    past = np.stack([RECORD.target_events, RECORD.target_deaths], axis=-1)[-months:]
    whole_months = {month.tobytes() for month in past}
    drawn = forecast.astype(np.int64).reshape(-1, len(CERCLES), 2)
    assert {month.tobytes() for month in drawn} == whole_months
    # 24,000 draws of a month: five standard errors of a mean.
    error = 5 * past.std(axis=0) / np.sqrt(24_000)
    assert (np.abs(drawn.mean(axis=0) - past.mean(axis=0)) <= error).all()
    # Each month ahead is drawn anew.
    assert not np.array_equal(forecast[:, 0], forecast[:, 1])


def test_conflictology_takes_what_there_is() -> None:
    early = recorded_before("2017-04")
    forecast = conflictology(12)(early, early.end, 2, 200)
    assert set(forecast[..., 0, 0].ravel()) == set(early.target_events[:, 0])


def test_moments() -> None:
    past = np.zeros((12, 4))
    past[:, 1] = [0, 4] * 6  # mean 2, variance 48/11
    past[:, 2] = 3.0
    past[0, 3] = 1.0
    mean, shape = moments_law(past)
    assert mean[1] == pytest.approx(2.0)
    assert shape[1] == pytest.approx(4.0 / (48 / 11 - 2.0))
    assert np.isinf(shape[2])
    assert mean[2] == 3.0
    assert np.isinf(shape[3])  # one event in twelve months: variance equals the mean
    for months in range(2, 40):  # and rounding does not make a shape of 1e16 of it
        assert np.isinf(moments_law(np.eye(months)[:, :1])[1]).all()
    # Jeffreys' predictive after twelve empty months.
    assert (mean[0], shape[0]) == (JEFFREYS_SHAPE / 12, JEFFREYS_SHAPE)


@pytest.mark.statistical
def test_negative_binomial_has_the_moments_of_the_past() -> None:
    """Means of 20,000 draws within five standard errors, 30 of them: false alarm in 1 of 50,000 seeds."""
    forecast = BASELINES["negative binomial, 12 months"](RECORD, ORIGIN, 1, 20_000)[:, 0]
    past = np.stack([RECORD.target_events, RECORD.target_deaths], axis=-1)[-12:].astype(float)
    mean, shape = moments_law(past)
    variance = mean + mean * mean / shape
    assert (np.abs(forecast.mean(axis=0) - mean) < 5 * np.sqrt(variance / 20_000)).all()
    koro = CERCLES.index("Koro")
    r, m = shape[koro, 0], mean[koro, 0]
    for y in (0, 5, 12):
        seen, expected = (forecast[:, koro, 0] <= y).mean(), stats.nbinom.cdf(y, r, r / (r + m))
        assert seen == pytest.approx(expected, abs=5 * np.sqrt(0.25 / 20_000))


@pytest.mark.parametrize("name", list(BASELINES))
def test_a_record_that_does_not_end_at_the_origin_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="before the origin 2020-02"):
        BASELINES[name](RECORD, ORIGIN + 1, 1, 10)
    with pytest.raises(ValueError, match="horizon"):
        BASELINES[name](RECORD, ORIGIN, 0, 10)


# --- in space -----------------------------------------------------------------------------------------------------


def test_borders() -> None:
    length = borders()
    assert np.array_equal(length, length.T)
    assert not np.diag(length).any()
    koro, bankass, san, douentza = (CERCLES.index(n) for n in ("Koro", "Bankass", "San", "Douentza"))
    assert length[koro, bankass] > 0
    assert length[koro, douentza] > 0
    assert length[koro, san] == 0


def test_surroundings_leave_the_cercle_itself_out() -> None:
    koro = CERCLES.index("Koro")
    events = RECORD.events.copy()
    events[:, koro] *= 7
    louder = RecordTable(RECORD.first, events, RECORD.deaths, RECORD.kinds, RECORD.target, RECORD.known)
    for setting in SPATIAL_SETTINGS[::7]:
        calm, loud = (surroundings(record, record.months, setting) for record in (RECORD, louder))
        assert calm[koro] == loud[koro]
        assert (np.delete(loud, koro) >= np.delete(calm, koro)).all()


def test_surroundings_of_equal_rates_are_that_rate() -> None:
    people = cercle_population()
    events = np.zeros_like(RECORD.events)
    events[:, :, 0] = people // 10_000
    even = RecordTable(RECORD.first, events, events, RECORD.kinds, RECORD.target, RECORD.known)
    for setting in SPATIAL_SETTINGS[::7]:
        assert surroundings(even, even.months, setting) == pytest.approx(people / 10_000, rel=0.05)


def test_weights_of_space_add_up_and_have_learnt() -> None:
    weights = spatial_weights(RECORD)
    assert weights.sum() == pytest.approx(1.0)
    neighbours = np.array([setting.neighbours for setting in SPATIAL_SETTINGS])
    assert weights[neighbours > 0].sum() > 0.9  # violence lies next to violence


def test_population_alone_scales_other_cercles() -> None:
    people = cercle_population()
    events = np.zeros_like(RECORD.events)
    events[:, 4, 0] = 10
    one = RecordTable(RECORD.first, events, 3 * events, RECORD.kinds, RECORD.target, RECORD.known)
    forecast = population_alone(one, ORIGIN, 2, 400)
    assert not forecast[:, :, 4].any()  # never from itself
    assert set(forecast[:, :, 0, 0].ravel()) == {0.0, float(np.rint(10 * people[0] / people[4]))}
    share = (forecast[:, 0, 0, 0] > 0).mean()
    assert share == pytest.approx(1 / 14, abs=5 * np.sqrt(1 / 14 / 400))
    assert population_alone(one.without([4]), ORIGIN, 2, 400).sum() == 0


def test_from_neighbours_needs_no_record_of_its_own() -> None:
    koro = CERCLES.index("Koro")
    given = RECORD.without([koro])
    forecast = from_neighbours(given, ORIGIN, 3, 400)
    assert forecast.shape == (400, 3, len(CERCLES), 2)
    quiet = CERCLES.index("Baroueli")
    assert forecast[:, :, koro, 0].mean() > 3 * forecast[:, :, quiet, 0].mean()
    assert not forecast[forecast[..., 0] == 0, 1].any()
