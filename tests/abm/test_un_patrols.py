"""The UN: its rules, what the package adds and when, and patrols."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, day_by_day, defaults, inert, runs, scenario, times, with_rates
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import day_of
from abm.deployment import arrival_day
from abm.geography import ZONES
from abm.kinds import BAND_ON_PATROL, UN_V_JIHADISTS
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import (
    AT_BASE,
    NOT_ARRIVED,
    ON_PATROL,
    ON_TOB,
    PATROL_ATTACKED,
    TOB_OPENED,
)
from abm.un_patrols import SEGOU_ZONE, in_sector, opening_delay, tobs_allowed

START = date(2021, 1, 1)
FIRST = day_of(START)
NEVER = -1

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 5000), st.floats(20.0, 1000.0), st.floats(1.0, 6.0))
def test_bases_need_their_troops_times_the_rotation(mobile: int, per_base: float, rotation: float) -> None:
    bases = tobs_allowed(mobile, per_base, rotation)
    assert bases * per_base * rotation <= mobile * (1 + 1e-12)
    assert mobile < (bases + 1) * per_base * rotation * (1 + 1e-12)


@pytest.mark.parametrize(
    ("km", "speed", "setup", "days"),
    [
        (0.0, 100.0, 0.0, 0),
        (100.0, 100.0, 0.0, 1),
        (101.0, 100.0, 0.0, 2),
        (250.0, 100.0, 3.0, 6),
        (10.0, 100.0, 2.5, 3),
    ],
)
def test_a_base_opens_after_the_convoy_and_its_set_up(km: float, speed: float, setup: float, days: int) -> None:
    assert opening_delay(km, speed, setup) == days


def test_before_it_was_enlarged_the_sector_had_no_segou_and_no_west() -> None:
    assert ZONES[SEGOU_ZONE] == "Segou"
    for zone in range(len(ZONES)):
        assert in_sector(100, 100, zone, 1)
        assert in_sector(99, 100, zone, 0) == (zone != SEGOU_ZONE)
        assert not in_sector(99, 100, zone, 1)


def fast(**levers: Any) -> Scenario:
    """The package decided, permitted and generated on the first day."""
    return scenario("extra-tobs").changed(**{**levers, "package": {"decision": START, "permission": START}})


def parameters(**changes: Any) -> Parameters:
    return defaults().changed(**{"generation_months": 0.0, **changes})


# --- the package --------------------------------------------------------------------------------------------------


def test_extra_bases_come_after_the_units_and_mark_clock_zero() -> None:
    decision = date(2021, 3, 1)
    levers = scenario("extra-tobs").changed(package={"decision": decision, "permission": date(2021, 9, 1)})
    q = defaults().changed(generation_months=3.0)
    records = runs(levers, q, [5], days=600)[0]
    mobile = next(u for u in levers.package.units if u.mobile)
    arrival = arrival_day(mobile, levers, q)
    assert arrival == day_of(date(2021, 9, 1))
    days = records.days
    first = int(days["day"][days["extra_tobs"] > 0][0])
    assert records.clock_zero == first
    assert arrival < first <= arrival + 7 + 7 + math.ceil(q.tob_reach_km / q.convoy_km_per_day + q.tob_setup_days)
    before = days["day"] < arrival
    assert days["tobs"][before].max() == 2
    assert days["tobs"].max() == 4
    assert days["extra_tobs"].max() == 2
    assert (days["tobs"] - days["extra_tobs"]).max() == 2
    opened = records.operations[records.operations["what"] == TOB_OPENED]
    assert (opened["day"][opened["amount"] == 1] >= first).all()


def test_without_permission_the_package_changes_nothing_for_civilians() -> None:
    q = parameters(delta_un=0.5, displacement_share=0.3)
    never = scenario("extra-tobs").changed(package={"decision": START, "permission": "never"})
    (without,), (baseline,) = runs(never, q, [6], days=730), runs(scenario(), q, [6], days=730)
    assert without.clock_zero == NEVER
    assert not without.days["extra_tobs"].any()
    assert without.days["extra_troops"].max() == 300  # those at Douentza need no land
    assert without.events.tobytes() == baseline.events.tobytes()


def test_a_world_without_the_un_has_no_row_of_it() -> None:
    records = runs(scenario("no-un"), defaults(), [2], days=730)[0]
    for column in ("troops", "extra_troops", "mobile_troops", "tobs", "extra_tobs", "un_patrols"):
        assert not records.days[column].any()
    assert records.operations.size == 0
    assert UN_V_JIHADISTS not in set(records.events["kind"])
    assert records.clock_zero == NEVER
    # Not even with a package on paper.
    both = scenario("extra-tobs").changed(un={"present": False}, package={"decision": START, "permission": START})
    assert runs(both, parameters(), [2], days=400)[0].operations.size == 0


def test_the_un_only_removes_attacks_that_would_have_been_there_on_its_first_day() -> None:
    # Until paths diverge, common draws make the world with the UN a thinning of the one without.
    q = with_rates(
        defaults().changed(delta_un=0.9, displacement_share=0.0), candidates=times(defaults().rates.candidates, 40.0)
    )
    (with_un,), (without,) = (runs(scenario(name), q, [3], days=1) for name in ("baseline-2021", "no-un"))
    rows = [
        {(int(e.perpetrator), int(e.village)) for e in r.realised if e.actor == 0} for r in (with_un, without)
    ]  # fmt: skip
    assert rows[0] < rows[1]


# --- patrols ------------------------------------------------------------------------------------------------------


@pytest.mark.statistical
def test_companies_patrol_and_are_attacked_at_their_rates() -> None:
    q = inert(patrols_per_company=0.7, attack_per_patrol=0.02)
    attacks = patrols = chances = 0.0
    for seed in range(6):
        simulation = Simulation(scenario(), q, seed=seed)
        w = simulation.world
        for day in day_by_day(simulation, 365):
            free = (w.un_units["patrols"] == 1) & ~np.isin(w.un_units["task"], (NOT_ARRIVED, ON_TOB))
            chances += int(free.sum())
            patrols += int((w.un_units["task"] == ON_PATROL).sum())
            assert w.days["un_patrols"][day - FIRST] == (w.un_units["task"] == ON_PATROL).sum()
        records = simulation.records()
        attacks += int((records.events["actor"] == BAND_ON_PATROL).sum())
        assert (records.operations["what"] == PATROL_ATTACKED).sum() == (
            records.events["actor"] == BAND_ON_PATROL
        ).sum()
    assert_close_in_law(patrols, 0.7 * chances, 0.21 * chances)
    assert_close_in_law(attacks, 0.02 * patrols, 0.02 * 0.98 * patrols)


def test_patrols_stay_within_reach_and_come_home() -> None:
    q = defaults()
    simulation = Simulation(scenario(), q, seed=1)
    w = simulation.world
    far = 0
    for day in day_by_day(simulation, 365):
        season = w.calendar[day].season
        for u in w.un_units:
            if u.task == AT_BASE:
                assert u.cell == u.home
            elif u.task == ON_PATROL:
                site = w.sites[u.site]
                entries = slice(site.first_reach, site.first_reach + site.n_reach)
                km = w.site_km[entries, season][w.site_cell[entries] == u.cell][0]
                assert km <= (q.mobile_patrol_km if u.mobile else q.base_patrol_km)
                far += km > q.base_patrol_km
            assert u.patrols == 1 or u.task != ON_PATROL
    assert far > 100


def test_attacks_on_patrols_are_by_the_nearest_jihadists_at_the_place_of_the_patrol() -> None:
    simulation = Simulation(scenario(), defaults().changed(attack_per_patrol=0.1), seed=1)
    w = simulation.world
    simulation.advance(300)
    e = simulation.records().events
    e = e[e["actor"] == BAND_ON_PATROL]
    assert e.size > 100
    jihadists = np.flatnonzero(w.militias["jihadist"] == 1)
    for row in e:
        away = np.hypot(w.militias["x"][jihadists] - row.x, w.militias["y"][jihadists] - row.y)
        assert row.perpetrator == jihadists[np.argmin(away)]
        assert (row.x, row.y) == (w.cells["x"][row.cell], w.cells["y"][row.cell])
        assert row.faction == w.militias["faction"][row.perpetrator]
    assert (e["kind"] == UN_V_JIHADISTS).all()
    assert (e["parent"] == -1).all()
    assert not np.isin(
        np.flatnonzero(simulation.records().events["actor"] == BAND_ON_PATROL), simulation.records().events["parent"]
    ).any()
    assert e["deaths"].max() > 0
