"""National forces going out: how often, how far and where to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import (
    assert_chi_square,
    assert_close_in_law,
    day_by_day,
    inert,
    runs,
    scenario,
    silent,
)
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.national_forces import (
    abuse_rate,
    arrival_in_race,
    can_meet,
    task_of,
    which_of,
)
from abm.parameters import Parameters
from abm.randomness import uniform
from abm.simulation import Simulation
from abm.tables import AT_BASE, ON_OPERATION, ON_PATROL

YEAR = scenario("history-2020")
FIRST, DAYS = 1095, 366
Floats = NDArray[np.float64]

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_tasks_share_the_day_in_proportion_to_readiness(
    u: float, patrols: float, operations: float, ready: float
) -> None:
    task = task_of(u, patrols, operations, ready)
    if u < operations * ready:
        assert task == ON_OPERATION
    elif u < (operations + patrols) * ready:
        assert task == ON_PATROL
    else:
        assert task == AT_BASE


@given(*[st.floats(0.0, 2.0)] * 3, st.floats(0.0, 1.0), st.floats(-0.9, 0.9), st.floats(0.0, 1.0))
def test_abuse_falls_with_risk_and_presence(
    per_operation: float, discipline: float, effect: float, risk: float, delta: float, un: float
) -> None:
    expected = per_operation * discipline * math.exp(-effect * risk) * (1.0 - delta * un)
    assert abuse_rate(per_operation, discipline, effect, risk, delta, un) == pytest.approx(expected)
    # A negative effect of the UN admits an increase, as Kunkel et al. 2026 find.
    assert abuse_rate(1.0, 1.0, 0.0, 0.0, -0.3, 1.0) == pytest.approx(1.3)


@pytest.mark.statistical
def test_the_first_of_exponential_times_is_a_draw_in_proportion_to_heat() -> None:
    heats, quiet, n = [0.0, 1.0, 3.0, 0.2], 0.05, 20_000
    counts = np.zeros(4)
    for day in range(n):
        counts[int(np.argmin([arrival_in_race(uniform(2, 11, 5, day, c), h, quiet) for c, h in enumerate(heats)]))] += 1
    expected = n * (np.array(heats) + quiet) / (sum(heats) + 4 * quiet)
    assert_chi_square(float(((counts - expected) ** 2 / expected).sum()), 3)


@given(st.floats(2.0**-53, 1.0 - 2.0**-53), st.integers(1, 5000))
def test_an_index_is_drawn_from_all_and_no_more(u: float, count: int) -> None:
    assert 0 <= which_of(u, count) < count
    assert which_of(u, count) == min(count - 1, math.floor(u * count))


def test_bands_beyond_four_standard_deviations_are_not_met() -> None:
    assert can_meet(79.9**2, 20.0)
    assert not can_meet(80.0**2, 20.0)


# --- going out ----------------------------------------------------------------------------------------------------


def without_losses(**changes: float) -> Parameters:
    """National forces and bands meet nobody: all units keep their strength."""
    return silent(inert(**changes))


@pytest.mark.statistical
def test_units_go_out_as_often_as_declared() -> None:
    q = without_losses()
    records = runs(YEAR, q, range(10))
    units = Simulation(YEAR, q).world.national_forces.size
    n = units * DAYS * len(records)
    for column, rate in (("army_operations", q.army_operation_rate), ("army_patrols", q.army_patrol_rate)):
        daily = np.concatenate([r.days[column] for r in records])
        assert_close_in_law(daily.sum(), n * rate, n * rate * (1 - rate))
        # Day by day a binomial number of units: neither clumped nor even.
        assert_chi_square(float(((daily - units * rate) ** 2).sum() / (units * rate * (1 - rate))), daily.size)


def test_weakened_units_go_out_less() -> None:
    simulation = Simulation(YEAR, without_losses(replacement_half_life=1000.0), seed=1)
    simulation.world.national_forces["strength"] *= 0.5
    simulation.advance(100)
    weak = simulation.records().days
    full = runs(YEAR, without_losses(), [1], days=100)[0].days
    missing = 0.5 * 0.5 ** (np.arange(100) / 1000)
    for column in ("army_operations", "army_patrols"):
        expected = (full[column].mean() * (1 - missing)).sum()
        assert weak[column].sum() == pytest.approx(expected, rel=0.25)
        assert weak[column].sum() < full[column].sum()


def test_units_go_where_they_may_and_come_home() -> None:
    q = without_losses()
    simulation = Simulation(YEAR, q, seed=1)
    w = simulation.world
    reach = {}
    for site in w.sites:
        entries = slice(site.first_reach, site.first_reach + site.n_reach)
        reach[int(site.id)] = dict(zip(w.site_cell[entries].tolist(), w.site_km[entries], strict=True))
    visited = set()
    for day in day_by_day(simulation, DAYS):
        season = w.calendar[day].season
        for a in w.national_forces:
            if a.task == AT_BASE:
                assert a.cell == a.home
            else:
                limit = q.army_patrol_km if a.task == ON_PATROL else q.army_operation_km
                # The garrison's own cell can be searched in any season, however deep the flood.
                assert a.cell == a.home or reach[int(a.site)][int(a.cell)][season] <= limit
                visited.add(int(a.cell))
            assert (a.x, a.y) == (w.cells["x"][a.cell], w.cells["y"][a.cell])
    assert len(visited) > 200


@pytest.mark.statistical
def test_patrols_choose_evenly_and_operations_by_remembered_attacks() -> None:
    q = without_losses(army_patrol_rate=0.5, army_operation_rate=0.5, heat_half_life=730.0)
    simulation = Simulation(YEAR, q, seed=3)
    w = simulation.world
    unit = w.national_forces[0]
    site = w.sites[unit.site]
    entries = slice(site.first_reach, site.first_reach + site.n_reach)
    mates = np.flatnonzero(w.national_forces["site"] == unit.site)
    observed, expected = ({task: np.zeros(w.cells.size) for task in (ON_PATROL, ON_OPERATION)} for _ in range(2))
    for day in day_by_day(simulation, 180):
        km, cells = w.site_km[entries, w.calendar[day].season], w.site_cell[entries]
        heat = w.cells["heat"] * 0.5 ** ((day - w.cells["heat_day"]) / q.heat_half_life) + q.quiet_heat
        for row in mates:
            a = w.national_forces[row]
            if a.task == ON_PATROL:
                near = cells[km <= q.army_patrol_km]
                expected[ON_PATROL][near] += 1 / near.size
            elif a.task == ON_OPERATION:
                near = cells[km <= q.army_operation_km]
                expected[ON_OPERATION][near] += heat[near] / heat[near].sum()
            if a.task != AT_BASE:
                observed[int(a.task)][a.cell] += 1
    for task in (ON_PATROL, ON_OPERATION):
        order = np.argsort(expected[task])
        groups = np.array_split(order[expected[task][order] > 0], 8)
        counts, means = (
            np.array([field[group].sum() for group in groups]) for field in (observed[task], expected[task])
        )
        kept = means >= 5
        assert kept.sum() >= 3
        assert_chi_square(float(((counts - means)[kept] ** 2 / means[kept]).sum()), int(kept.sum()))
