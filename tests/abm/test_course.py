"""How levels go by month and cercle: the course that a run is given, and what zones drift to around it."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from engine import (
    USUAL,
    assert_close_in_law,
    by_bands,
    by_national_forces,
    day_by_day,
    history,
    in_threads,
    inert,
    scenario,
    times,
    used,
    with_rates,
)
from numpy.typing import NDArray

from abm.calendar import calendar_table, date_of
from abm.compiled_parameters import YEAR
from abm.geography import CERCLES, ZONE_OF_CERCLE
from abm.kinds import KINDS, ON_VILLAGE
from abm.parameters import Parameters
from abm.protection import REFERENCE_STRENGTH
from abm.simulation import Simulation
from abm.tables import ON_OPERATION, World

Floats = NDArray[np.float64]

SMALL = scenario().changed(world={"cercles": ("Bankass", "Koro", "Bandiagara", "Douentza")}, start=date(2021, 1, 15))
HERE = [CERCLES.index(name) for name in SMALL.world.cercles]
DAYS = 120  # January to May
# Months in which a cercle is as usual, quiet, or twice and three times as violent; each month's are others.
COURSE = np.array([[(0.5, 1.0, 2.0, 3.0)[(month + cercle) % 4] for cercle in range(15)] for month in range(3)])


def steady() -> Parameters:
    """Nobody is killed, hides or recruits, so that nothing but the course and the season changes a rate."""
    q = inert()
    return with_rates(q, fatal_share=(0.0,) * len(KINDS))


def by_cercle(multiples: Floats, day: int, first_day: int) -> Floats:
    """A course on a day: months count from that of the first day, the last one holds on."""
    first, today = date_of(first_day), date_of(day)
    months = 12 * (today.year - first.year) + today.month - first.month
    return multiples[min(months, len(multiples) - 1)]


# --- by month -------------------------------------------------------------------------------------------------------


def test_months_count_from_the_first_day_and_the_last_one_holds_on() -> None:
    q = inert(drift_step=0.4)
    simulation = Simulation(SMALL, q, seed=2, history=history(course=COURSE))
    cercles = simulation.world.cercles
    assert np.array_equal(cercles["course"], COURSE[0])
    assert np.array_equal(cercles["level"], COURSE[0])
    multipliers = set()
    for day in day_by_day(simulation, DAYS):
        cercles, zones = simulation.world.cercles, simulation.world.zones
        today = by_cercle(COURSE, day, simulation.first_day)
        assert np.array_equal(cercles["course"], today), date_of(day)
        assert np.array_equal(cercles["level"], zones["multiplier"][np.array(ZONE_OF_CERCLE)] * today), date_of(day)
        multipliers.add(zones["multiplier"][0])
    assert len(multipliers) == 5  # drifted each month from the second on
    assert date_of(simulation.day - 1) == date(2021, 5, 14)


def test_drift_is_the_same_whatever_the_course() -> None:
    q = inert(drift_step=0.4)
    runs = [Simulation(SMALL, q, seed=2, history=told) for told in (None, history(course=COURSE))]
    for simulation in runs:
        simulation.advance(DAYS)
    one, other = (simulation.world.zones for simulation in runs)
    assert one.tobytes() == other.tobytes()


def test_a_checkpoint_keeps_the_month_of_the_course() -> None:
    whole, first, other = (Simulation(SMALL, inert(), seed=2, history=history(course=COURSE)) for _ in range(3))
    whole.advance(DAYS)
    first.advance(50)
    other.restore(first.checkpoint())
    other.advance(DAYS - 50)
    assert other.records().fingerprint() == whole.records().fingerprint()


# --- bands ----------------------------------------------------------------------------------------------------------


def attempts_expected(world: World, q: Parameters, course: Floats, first_day: int) -> tuple[Floats, Floats]:
    """Attempts by cercle of the bands' homes, and their variances: chances of any on each day, all independent."""
    m = world.militias
    per_day = np.array(q.rates.candidates).sum(axis=2)[m["faction"], m["zone"]] / YEAR
    mean, variance = np.zeros(len(CERCLES)), np.zeros(len(CERCLES))
    for day in range(first_day, first_day + DAYS):
        season = np.array(q.rates.season)[m["faction"], calendar_table()["month"][day]]
        rate = per_day * season * m["weight"] * by_cercle(course, day, first_day)[m["cercle"]]
        chance = -np.expm1(-rate)
        mean += np.bincount(m["cercle"], weights=chance, minlength=len(CERCLES))
        variance += np.bincount(m["cercle"], weights=chance * (1.0 - chance), minlength=len(CERCLES))
    return mean, variance


def only_bands() -> Parameters:
    q = steady()
    zeros = times(q.rates.abuse, 0.0)
    return with_rates(q, contact_jihadists=zeros, contact_militia=zeros, abuse=zeros)


@cache
def attempts(factor: float) -> Floats:
    """Attempts of 24 runs by cercle of the bands' homes, at the course below or a multiple of the usual."""
    told = history(course=COURSE if factor == 0.0 else factor * USUAL)

    def homes(seed: int) -> Floats:
        simulation = Simulation(SMALL, only_bands(), seed=seed, history=told)
        simulation.advance(DAYS)
        bands = by_bands(used(simulation, "events"))["perpetrator"]
        assert bands.size == used(simulation, "days")["candidates"].sum()
        return np.bincount(simulation.world.militias["cercle"][bands], minlength=len(CERCLES))

    return np.sum(in_threads(homes, range(24)), axis=0)


@pytest.mark.statistical
@pytest.mark.parametrize("factor", [1.0, 2.0, 0.0])
def test_attempts_follow_the_course(factor: float) -> None:
    # Sums of independent attempts with known chances, for each cercle and in all; false alarm 1e-6 each.
    first = Simulation(SMALL, only_bands())
    course = COURSE if factor == 0.0 else factor * USUAL
    mean, variance = attempts_expected(first.world, only_bands(), course, first.first_day)
    for cercle in HERE:
        assert 24 * variance[cercle] > 25.0
        assert_close_in_law(attempts(factor)[cercle], 24 * mean[cercle], 24 * variance[cercle])
    assert_close_in_law(attempts(factor).sum(), 24 * mean.sum(), 24 * variance.sum())


def test_twice_the_course_is_twice_the_attempts() -> None:
    first = Simulation(SMALL, only_bands())
    usual, twice = (attempts_expected(first.world, only_bands(), k * USUAL, first.first_day)[0] for k in (1.0, 2.0))
    assert twice[HERE] == pytest.approx(2.0 * usual[HERE], rel=0.02)  # never more than one a day


def stopping(name: str) -> Floats:
    course = USUAL.copy()
    course[0, CERCLES.index(name)] = 0.0
    return course


def test_a_course_of_zero_stops_the_bands_of_a_cercle() -> None:
    simulation = Simulation(SMALL, inert(), seed=1, history=history(course=stopping("Koro")))
    simulation.advance(2 * DAYS)
    m = simulation.world.militias["cercle"]
    acted = np.bincount(m[by_bands(used(simulation, "events"))["perpetrator"]], minlength=len(CERCLES))
    stopped = CERCLES.index("Koro")
    assert (m == stopped).sum() > 10
    assert acted[stopped] == 0
    assert all(acted[cercle] > 10 for cercle in HERE if cercle != stopped)


def test_raid_series_that_come_from_elsewhere_are_not_stopped() -> None:
    q = inert(n_same=0.7, raid_half_life=5.0)
    simulation = Simulation(SMALL, q, seed=1, history=history(course=stopping("Koro")))
    simulation.advance(2 * DAYS)
    events = by_bands(used(simulation, "events"))
    of_stopped = events[simulation.world.militias["cercle"][events["perpetrator"]] == CERCLES.index("Koro")]
    assert of_stopped.size > 0
    assert (of_stopped["parent"] >= 0).all()


# --- national forces ------------------------------------------------------------------------------------------------


def strong_army() -> Parameters:
    """Operations are many, meet somebody and turn on people often; bands stay where they are and attack nobody."""
    q = steady()
    r = q.rates
    q = with_rates(
        q, candidates=times(r.candidates, 0.0), contact_jihadists=times(r.contact_jihadists, 2.0),
        contact_militia=times(r.contact_militia, 20.0),
    )  # fmt: skip
    return q.model_copy(update={"army_operation_rate": 0.3})


def strength_near(world: World, cell: int, jihadist: int, contact_km: float) -> float:
    m, place = world.militias, world.cells[cell]
    squared = (m["x"] - place.x) ** 2 + (m["y"] - place.y) ** 2
    near = np.exp(-0.5 * squared / contact_km**2) * (squared < 16.0 * contact_km**2) * (m["jihadist"] == jihadist)
    return float(near @ m["strength"]) / REFERENCE_STRENGTH


class Operations:
    """What is to be expected of the operations of runs, by cercle: clashes and abuses, and their variances."""

    def __init__(self, q: Parameters, course: Floats) -> None:
        self.q, self.course = q, course
        self.clashes, self.abuses = np.zeros((2, len(CERCLES))), np.zeros((2, len(CERCLES)))

    def take_in(self, world: World, day: int, first_day: int) -> None:
        r, multiples = self.q.rates, by_cercle(self.course, day, first_day)
        forces = world.national_forces
        for unit in forces[forces["task"] == ON_OPERATION]:
            place = world.cells[unit.cell]
            course = multiples[place.cercle]
            by_side = zip((r.contact_jihadists, r.contact_militia), (1, 0), strict=True)
            rates = [usual[place.zone] * strength_near(world, unit.cell, s, self.q.contact_km) for usual, s in by_side]
            any_clash = -np.expm1(-course * sum(rates))
            abuse = -np.expm1(-course * r.abuse[place.zone] * unit.discipline)
            for table, chance in ((self.clashes, any_clash), (self.abuses, abuse)):
                table[:, place.cercle] += chance, chance * (1.0 - chance)


@pytest.mark.statistical
@pytest.mark.parametrize("factor", [1.0, 2.0, 0.0])
def test_clashes_and_abuses_follow_the_course(factor: float) -> None:
    # By cercle of the operation, from where units were on each day; false alarm 1e-6 for each comparison.
    q, course = strong_army(), COURSE if factor == 0.0 else factor * USUAL
    expected, clashes, abuses = Operations(q, course), np.zeros(len(CERCLES)), np.zeros(len(CERCLES))
    for seed in range(3):
        simulation = Simulation(SMALL, q, seed=seed, history=history(course=course))
        for day in day_by_day(simulation, DAYS):
            expected.take_in(simulation.world, day, simulation.first_day)
            events = by_national_forces(used(simulation, "events"))
            events = events[events["day"] == day]
            where = simulation.world.cells["cercle"][simulation.world.national_forces["cell"][events["perpetrator"]]]
            is_abuse = events["action"] == ON_VILLAGE
            abuses += np.bincount(where[is_abuse], minlength=len(CERCLES))
            clashes += np.bincount(where[~is_abuse], minlength=len(CERCLES))
    for counted, (mean, variance) in ((clashes, expected.clashes), (abuses, expected.abuses)):
        assert_close_in_law(counted.sum(), mean.sum(), variance.sum())
        for cercle in np.flatnonzero(variance > 25.0):
            assert_close_in_law(counted[cercle], mean[cercle], variance[cercle])
    assert (expected.clashes[1] > 25.0).sum() >= 3


def test_a_course_of_zero_keeps_operations_from_clashes_and_abuses() -> None:
    simulation = Simulation(SMALL, strong_army(), seed=1, history=history(course=stopping("Bankass")))
    operations = np.zeros(len(CERCLES))
    for _ in day_by_day(simulation, DAYS):
        forces, cells = simulation.world.national_forces, simulation.world.cells
        operations += np.bincount(cells["cercle"][forces["cell"][forces["task"] == ON_OPERATION]], minlength=15)
    events = by_national_forces(used(simulation, "events"))
    clashes = np.bincount(events["cercle"][events["action"] != ON_VILLAGE], minlength=len(CERCLES))
    stopped = CERCLES.index("Bankass")
    assert operations[stopped] > 50
    assert clashes[stopped] == 0
    assert clashes.sum() > 100
