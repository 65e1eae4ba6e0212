"""Where a closed form is known: no rates and no events, certainty, deaths of all or none; seeds that are strangers."""

from __future__ import annotations

import numpy as np
import pytest
from engine import (
    FALSE_ALARM,
    Z_LIMIT,
    assert_close_in_law,
    by_bands,
    defaults,
    in_threads,
    inert,
    scenario,
    silent,
    times,
    used,
    with_rates,
)
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from proof.worlds import SEED, SMALL, everything, few, numbers
from scipy import stats

from abm.parameters import Parameters
from abm.simulation import Simulation, simulate
from abm.tables import CONVOY_SENT, TOB_OPENED

MONTH, YEAR = 31, 365
QUIET = {"attack_per_patrol": 0.0, "convoy_attack_rate": 0.0}


@few
@given(numbers(), SEED)
def test_without_rates_there_are_no_events_and_nothing_that_follows_from_one(q: Parameters, seed: int) -> None:
    simulation = Simulation(everything(), silent(q).changed(**QUIET), seed=seed)
    simulation.advance(MONTH)
    w, days, operations = simulation.world, used(simulation, "days"), used(simulation, "operations")
    assert used(simulation, "events").size == used(simulation, "cases").size == 0
    for total in ("candidates", "prevented", "warnings", "answered", "attacks_on_un", "un_deaths", "displaced",
                  "investigations", "sanctions", "hurt_troops"):  # fmt: skip
        assert not days[total].any(), total
    assert not w.villages["displaced"].any()
    assert not w.militias["excitation"].any()
    assert {TOB_OPENED, CONVOY_SENT} & set(operations["what"].tolist())  # the force goes on


@few
@given(SEED, st.floats(1e7, 1e12))
def test_at_rates_without_end_every_band_that_may_attacks_once_a_day(seed: int, factor: float) -> None:
    q = inert(army_operation_rate=0.0, **QUIET)
    q = with_rates(q, candidates=times(q.rates.candidates, factor))
    simulation = Simulation(scenario("no-un").changed(world=SMALL), q, seed=seed)
    m = simulation.world.militias
    rate = np.array(q.rates.candidates).sum(axis=2)[m["faction"], m["zone"]] * m["weight"]
    month = simulation.world.calendar["month"][simulation.first_day : simulation.first_day + 3]
    busy = np.flatnonzero(rate > factor * 1e-6)
    assert (np.array(q.rates.season)[:, month] > 0.01).all()
    simulation.advance(3)
    days = used(simulation, "days")
    assert (days["candidates"] >= busy.size).all()
    assert (days["candidates"] <= (rate > 0.0).sum()).all()
    for day in range(3):
        events = by_bands(used(simulation, "events"))
        acted = events["perpetrator"][events["day"] == simulation.first_day + day]
        assert np.unique(acted).size == acted.size
        assert np.isin(acted, np.flatnonzero(rate > 0.0)).all()


# --- seeds are strangers to each other --------------------------------------------------------------------------------


def monthly(q: Parameters, seeds: range) -> NDArray[np.float64]:
    """Events in each month of a year for each seed: shape (seeds, 12)."""
    arm = scenario("baseline-2021").changed(world=SMALL)

    def counts(seed: int) -> NDArray[np.int64]:
        records = simulate(arm, q, seed=seed, days=YEAR)
        return np.bincount((records.events["day"] - records.events["day"].min()) * 12 // YEAR, minlength=13)[:12]

    return np.array(in_threads(counts, seeds), float)


@pytest.mark.nightly
@pytest.mark.statistical
def test_runs_under_neighbouring_seeds_have_nothing_in_common() -> None:
    # Seeds from 0 on, as people give them. If seeds are independent, all orders of the runs are equally likely: the sum
    # of products of standardised yearly counts at a lag has mean -1 (nearly) and as variance the number of products.
    n = 600
    counts = monthly(defaults(), range(n))
    yearly = counts.sum(axis=1)
    scores = (yearly - yearly.mean()) / yearly.std()
    lags = np.arange(1, 33)
    products = np.array([(scores[lag:] * scores[:-lag]).sum() for lag in lags])
    products = (products + (n - lags) / (n - 1)) / np.sqrt(n - lags)
    assert np.abs(products).max() < stats.norm.isf(FALSE_ALARM / 2 / len(lags))
    # Nor do their months go up and down together, neither of neighbours nor of seeds a power of two apart.
    standard = (counts - counts.mean(axis=0)) / counts.std(axis=0)
    for lag in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        together = (standard[lag:] * standard[:-lag]).sum(axis=1)
        z = (together.sum() + 12 * (n - lag) / (n - 1)) / (together.std() * np.sqrt(n - lag))
        assert abs(z) < Z_LIMIT, lag


@pytest.mark.nightly
@pytest.mark.statistical
def test_events_of_one_seed_say_nothing_about_those_of_the_next_band_by_band() -> None:
    # With attacks independent of all that happens, a band's attacks under two seeds coincide as often as chance has it:
    # on how many band-days both attack is nearly Poisson.
    q = inert(army_operation_rate=0.0, **QUIET)
    q = with_rates(q, candidates=times(q.rates.candidates, 5.0))
    arm = scenario("no-un").changed(world=SMALL)

    def made(seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        events = by_bands(simulate(arm, q, seed=seed, days=YEAR).events)
        return events["perpetrator"], events["day"]

    n = 100
    bands = Simulation(arm, q).world.militias.size
    attacks = np.zeros((n, bands, YEAR), bool)
    for seed, (band, day) in enumerate(in_threads(made, range(n))):
        attacks[seed, band, day - day.min()] = True
    # Unbiased: over all ordered pairs of seeds, (k**2 - k) / (n * (n - 1)) a band-day, where k of n seeds attack.
    k = attacks.sum(axis=0).astype(float)
    per_pair = float(((k * k - k) / (n * (n - 1))).sum())
    p = k / n
    both = float(sum((attacks[i] & attacks[i + 1]).sum() for i in range(n - 1)))
    # Pairs that share a run go together a little.
    variance = (n - 1) * float((p**2 * (1 - p**2)).sum()) + 2 * (n - 2) * float((p**3 * (1 - p)).sum())
    assert per_pair > 5.0
    assert_close_in_law(both, per_pair * (n - 1), variance)
