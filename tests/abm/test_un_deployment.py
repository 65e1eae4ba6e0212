"""Arrivals of any package: nobody comes before they are ready and there is room, by rule and in a run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, scenario, silent
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.deployment import LONGEST_WAIT_MONTHS, NEVER, arrival_days, generated_day, permission_day, ready_day
from abm.parameters import Parameters
from abm.scenario import Scenario, UnitLine
from abm.simulation import Simulation
from abm.tables import NOT_ARRIVED

DECISION = date(2021, 7, 15)
D = day_of(DECISION)
BASE = scenario("extra-tobs")
LATER = st.integers(0, 1500).map(lambda days: DECISION + timedelta(days=days))
LINES = st.builds(
    lambda units, heads, base, needs_land, earliest: {
        "type": "infantry", "units": units, "heads": heads, "base": base, "needs_land": needs_land,
        "earliest": earliest,
    },
    st.integers(1, 4), st.integers(1, 400), st.sampled_from(["Sévaré", "Douentza"]), st.booleans(),
    st.none() | LATER,
)  # fmt: skip


@st.composite
def arms(draw: st.DrawFn) -> Scenario:
    """Any package under any permission, with any number of spare places."""
    return BASE.changed(
        package={
            "permission": draw(st.sampled_from(["drawn", "never"]) | LATER),
            "spare_places": draw(st.integers(0, 1000)),
            "units": draw(st.lists(LINES, min_size=1, max_size=4)),
        },
        un={"hospital_opens": draw(st.just("never") | LATER)},
        accountability={"permission_penalty_months": draw(st.floats(0.0, 24.0))},
    )


PARAMETERS = st.builds(
    lambda permission, generation, pledge: defaults().model_copy(
        update={"permission_months": permission, "generation_months": generation, "pledge_factor": pledge}
    ),
    st.floats(0.0, 120.0), st.floats(0.0, 24.0), st.floats(1.0, 3.0),
)  # fmt: skip


def permitted(levers: Scenario, q: Parameters) -> int:
    return permission_day(
        levers.package, q.permission_months + levers.accountability.permission_penalty_months
    )  # fmt: skip


def needs_room(line: UnitLine) -> bool:
    return line.base == "Sévaré" and line.needs_land


# --- rules --------------------------------------------------------------------------------------------------------


@given(arms(), PARAMETERS)
def test_people_who_need_land_never_exceed_the_spare_places_before_more_is_permitted(
    levers: Scenario, q: Parameters
) -> None:
    day = permitted(levers, q)
    coming = [(line, d) for line, d in arrival_days(levers, q) if needs_room(line) and d != NEVER]
    before = [line.heads for line, d in coming if day == NEVER or d < day]
    assert sum(before) <= levers.package.spare_places
    if day != NEVER:
        # Nobody waits for anything else: all have come once there is land and they are ready.
        assert len(coming) == sum(line.units for line in levers.package.units if needs_room(line))


@given(arms(), PARAMETERS)
def test_nobody_comes_before_they_are_ready_and_only_land_keeps_them(levers: Scenario, q: Parameters) -> None:
    land = permitted(levers, q)
    arrivals = arrival_days(levers, q)
    assert [line for line, _ in arrivals] == [line for line in levers.package.units for _ in range(line.units)]
    for line, day in arrivals:
        ready = ready_day(line, levers, q)
        assert ready >= D
        assert line.earliest is None or ready >= day_of(line.earliest)
        if not needs_room(line):
            assert day == ready
        else:
            assert day in (ready, NEVER if land == NEVER else max(ready, land))


@given(arms(), PARAMETERS)
def test_places_left_over_take_no_unit_that_waits(levers: Scenario, q: Parameters) -> None:
    # Filled by who is ready first, then in the order of the package: whoever waits is more than what was left.
    land, places = permitted(levers, q), levers.package.spare_places
    for line, day in sorted(arrival_days(levers, q), key=lambda arrival: ready_day(arrival[0], levers, q)):
        if needs_room(line):
            ready = ready_day(line, levers, q)
            if line.heads <= places:
                assert day == ready
                places -= line.heads
            else:
                assert land == NEVER or day >= land
    assert places >= 0


@given(arms(), PARAMETERS, st.floats(0.0, 24.0))
def test_a_penalty_on_permission_delays_nobody_but_those_who_wait_for_a_drawn_one(
    levers: Scenario, q: Parameters, penalty: float
) -> None:
    free = levers.changed(accountability={"permission_penalty_months": 0.0})
    later = levers.changed(accountability={"permission_penalty_months": penalty})
    before, after = arrival_days(free, q), arrival_days(later, q)
    if levers.package.permission != "drawn":
        assert before == after
    for (line, day), (_, delayed) in zip(before, after, strict=True):
        if not needs_room(line):
            assert day == delayed
        assert delayed == NEVER or day <= delayed <= day + penalty * DAYS_PER_MONTH + 1
        if q.permission_months + penalty > LONGEST_WAIT_MONTHS and levers.package.permission == "drawn":
            assert delayed in (NEVER, day)


@given(st.integers(-500, 2000), st.floats(0.0, 60.0), st.floats(1.0, 5.0))
def test_without_a_hospital_nobody_is_ready_sooner(hospital: int, months: float, factor: float) -> None:
    never = generated_day(D, None, months, factor)
    assert never == D + round(months * DAYS_PER_MONTH * factor)
    assert generated_day(D, D + hospital, months, factor) <= never
    # If pledges do not wait for it, it makes no difference at all.
    assert generated_day(D, None, months, 1.0) == generated_day(D, D + hospital, months, 1.0)


# --- in a run -----------------------------------------------------------------------------------------------------


def people_who_need_land(simulation: Simulation) -> np.ndarray:
    """Rows of the package's units that need land at Mopti-Sévaré, in the order of the package."""
    u = simulation.world.un_units
    lines = [line for line in simulation.scenario.package.units for _ in range(line.units)]
    rows: np.ndarray = np.flatnonzero(u["extra"] == 1)[[needs_room(line) for line in lines]]
    return rows


@pytest.mark.parametrize("spare", [0, 249, 250, 600, 5000])
@pytest.mark.parametrize("permission", ["never", date(2022, 2, 1)])
def test_in_a_run_the_camp_never_holds_more_than_it_has_room_for(spare: int, permission: Any) -> None:
    levers = BASE.changed(
        start=date(2021, 7, 1), package={"permission": permission, "spare_places": spare},
        world={"cercles": ("Douentza", "Mopti")},
    )  # fmt: skip
    q = silent(defaults().changed(generation_months=3.0))
    simulation = Simulation(levers, q, seed=1)
    rows = people_who_need_land(simulation)
    u = simulation.world.un_units
    assert u["troops"][rows].sum() == 2069 - 130 - 30 - 140  # all but the lines that need none
    most = 0
    for day in day_by_day(simulation, 365):
        there = int(u["troops"][rows][u["task"][rows] != NOT_ARRIVED].sum())
        if permission == "never" or day < day_of(permission):
            assert there <= spare
            most = max(most, there)
    # Whoever is ready first and fits; helicopters, due in 2023 at the earliest, keep nobody out.
    expected = {0: 0, 249: 117 + 59, 250: 250, 600: 500 + 59, 5000: 1769 - 130}
    assert most == expected[spare]


def test_no_unit_acts_before_its_day_in_any_package() -> None:
    dates = {"armed_helicopters_from": date(2021, 9, 1)}
    levers = BASE.changed(start=date(2021, 7, 1), un=dates, package={"permission": date(2022, 1, 10)})
    simulation = Simulation(levers, defaults().changed(generation_months=2.0), seed=2)
    u = simulation.world.un_units
    never_before = dict.fromkeys(("at_tob", "resting", "convoying", "escorting", "flying"), 0)
    for day in day_by_day(simulation, 300):
        absent = u["task"] == NOT_ARRIVED
        assert np.array_equal(absent, (u["arrival"] > day) | (u["arrival"] == NEVER))
        for name in never_before:
            assert not u[name][absent].any()
        assert (u["patrol_cell"][absent] == NEVER).all()
        assert (u["cell"][absent] == u["home"][absent]).all()
    later = u[(u["arrival"] > simulation.first_day) & (u["task"] != NOT_ARRIVED)]
    assert len(set(later["arrival"].tolist())) >= 3
    assert (later["mobile"] == 1).any()
