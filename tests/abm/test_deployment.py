"""When the units of a package arrive, by hand-computed cases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from engine import defaults, scenario
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.deployment import LONGEST_WAIT_MONTHS, NEVER, arrival_days, generated_day, permission_day
from abm.kinds import AVERTED_BY_UN, DURING
from abm.scenario import PackageLevers, Scenario, UnitLine
from abm.simulation import Simulation
from abm.tables import (
    CONVOY_ATTACKED,
    CONVOY_SENT,
    NOT_ARRIVED,
    PATROL_ATTACKED,
    RESPONSE,
    TOB_ATTACKED,
    TOB_CLOSED,
    TOB_GIVEN_UP,
    TOB_OPENED,
    UNITS_ARRIVED,
)

DECISION = date(2021, 7, 15)
D = day_of(DECISION)


def package(**levers: Any) -> PackageLevers:
    return PackageLevers(decision=DECISION, **levers)


# --- generation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hospital", "months", "factor", "days"),
    [
        (0, 6.0, 1.5, 183),  # open already: 6 * 30.4375 = 182.6 days
        (0, 12.0, 2.0, 365),
        (100, 10.0, 1.0, 304),  # a factor of one: the hospital does not matter
        # 100 days before it opens do the work of 50; 365.25 - 50 remain after: day 100 + 315.25.
        (100, 12.0, 2.0, 415),
        # 48 days do 32: 48 + (273.9375 - 32) = 289.9 (the shipped scenario: opening on 1 September, 9 months).
        (48, 9.0, 1.5, 290),
        # It opens long after they are ready: all at the slow pace, 3 months * 2 = 182.6 days.
        (1000, 3.0, 2.0, 183),
        (-400, 9.0, 1.5, 274),  # opened before the decision
        (50, 0.0, 1.5, 0),
    ],
)
def test_pledges_come_slowly_until_the_hospital_opens(hospital: int, months: float, factor: float, days: int) -> None:
    assert generated_day(D, D + hospital, months, factor) == D + days


@given(st.integers(-500, 2000), st.floats(0.0, 60.0), st.floats(1.0, 5.0))
def test_units_take_between_their_time_and_its_slow_multiple(hospital: int, months: float, factor: float) -> None:
    days = generated_day(D, D + hospital, months, factor) - D
    assert months * DAYS_PER_MONTH - 1 <= days <= months * DAYS_PER_MONTH * factor + 1
    # A later hospital never brings anybody sooner.
    assert days <= generated_day(D, D + hospital + 30, months, factor) - D
    # Without one all pledges stay slow.
    assert days <= generated_day(D, None, months, factor) - D == round(months * DAYS_PER_MONTH * factor)


# --- land ---------------------------------------------------------------------------------------------------------


def test_permission_is_drawn_fixed_or_never() -> None:
    assert permission_day(package(permission="never"), 9.0) == NEVER
    assert permission_day(package(permission=date(2022, 3, 1)), 9.0) == day_of(date(2022, 3, 1))
    assert permission_day(package(), 9.0) == D + 274
    assert permission_day(package(), 0.0) == D


def test_land_that_takes_too_long_counts_as_never() -> None:
    assert permission_day(package(), LONGEST_WAIT_MONTHS) == D + round(LONGEST_WAIT_MONTHS * DAYS_PER_MONTH)
    assert permission_day(package(), LONGEST_WAIT_MONTHS + 0.01) == NEVER


def line(base: str = "Sévaré", needs_land: bool = True, **levers: Any) -> UnitLine:
    return UnitLine.model_validate(
        {"type": "infantry", "units": 1, "heads": 100, "base": base, "needs_land": needs_land, **levers}
    )


def arm(permission: Any, *lines: UnitLine, spare_places: int = 0, **levers: Any) -> Scenario:
    """The package of July 2021 under a permission, or other lines instead of its own."""
    units = {"units": [unit.model_dump() for unit in lines]} if lines else {}
    package = {"permission": permission, "spare_places": spare_places, **units}
    return scenario("extra-tobs").changed(package=package, **levers)


def arrivals(levers: Scenario, **changes: Any) -> list[int]:
    return [day for _, day in arrival_days(levers, defaults().changed(**changes))]


@pytest.mark.parametrize(
    ("base", "needs_land", "permission", "expected"),
    [
        # Ready on day 290 (nine months, hospital on 1 September); land at Sévaré may come later, sooner or never.
        ("Sévaré", True, DECISION + timedelta(days=400), D + 400),
        ("Sévaré", True, DECISION + timedelta(days=100), D + 290),
        ("Sévaré", True, "drawn", D + 290),
        ("Sévaré", True, "never", NEVER),
        ("Sévaré", False, "never", D + 290),
        ("Douentza", True, "never", D + 290),  # that camp has room
        ("Douentza", False, DECISION + timedelta(days=400), D + 290),
    ],
)
def test_units_arrive_when_they_are_ready_and_have_a_place(
    base: str, needs_land: bool, permission: Any, expected: int
) -> None:
    assert arrivals(arm(permission, line(base, needs_land))) == [expected]


def test_a_drawn_permission_takes_the_time_of_the_draw() -> None:
    assert arrivals(arm("drawn", line()), permission_months=20.0) == [D + round(20 * DAYS_PER_MONTH)]
    assert arrivals(arm("drawn", line()), permission_months=100.0) == [NEVER]


def test_accountability_may_delay_the_permission_but_not_a_fixed_one() -> None:
    penalty = {"accountability": {"permission_penalty_months": 6.0}}
    assert arrivals(arm("drawn", line(), **penalty), permission_months=20.0) == [D + round(26 * DAYS_PER_MONTH)]
    assert arrivals(arm("drawn", line(), **penalty), permission_months=LONGEST_WAIT_MONTHS - 5.0) == [NEVER]
    assert arrivals(arm(DECISION + timedelta(days=400), line(), **penalty)) == [D + 400]


def test_no_unit_comes_before_its_earliest_day() -> None:
    late, early = DECISION + timedelta(days=600), DECISION + timedelta(days=60)
    assert arrivals(arm("drawn", line(earliest=late.isoformat()))) == [D + 600]
    assert arrivals(arm("drawn", line(earliest=early.isoformat()))) == [D + 290]
    assert arrivals(arm(DECISION + timedelta(days=700), line(earliest=late.isoformat()))) == [D + 700]


def test_without_a_hospital_pledges_stay_slow() -> None:
    levers = arm("drawn", line(), un={"hospital_opens": "never"})
    assert arrivals(levers, pledge_factor=2.0) == [D + round(18 * DAYS_PER_MONTH)]


def test_spare_places_of_the_camp_are_taken_in_the_order_of_the_package() -> None:
    # 250 places: the first unit of 100 and the second take 200; the third waits, a smaller one still fits.
    lines = (line(units=3), line(heads=50), line(heads=60), line("Douentza"), line(needs_land=False))
    ready = [D + 290]
    assert arrivals(arm("never", *lines, spare_places=250)) == [*ready * 2, NEVER, *ready, NEVER, *ready * 2]
    permitted = DECISION + timedelta(days=400)
    assert arrivals(arm(permitted, *lines, spare_places=250)) == [*ready * 2, D + 400, *ready, D + 400, *ready * 2]


# --- in a run -----------------------------------------------------------------------------------------------------


def test_troops_arrive_on_their_day_and_stay() -> None:
    # Conservation: every day, the troops that are there are those of the standing force and of the units whose day has
    # come; nobody is lost on the way, and bases move people about without making any.
    levers = arm(DECISION + timedelta(days=400))
    simulation = Simulation(levers, defaults(), seed=1)
    of_package = simulation.world.un_units["extra"] == 1
    standing = simulation.world.un_units[~of_package]
    assert standing["troops"][standing["arrival"] == simulation.first_day].sum() == 2050
    simulation.advance(1000)
    records = simulation.records()
    comings = [(day, line.heads) for line, day in arrival_days(levers, defaults())]
    armed_helicopters = day_of(levers.un.armed_helicopters_from)  # a lever of all arms, no part of the package
    for day in records.days:
        there = sum(heads for arrival, heads in comings if 0 <= arrival <= day.day)
        assert day.extra_troops == there
        assert day.troops == 2050 + 100 * (day.day >= armed_helicopters) + there
    assert records.days["extra_troops"][-1] == 2069
    arrived = records.operations[records.operations["what"] == UNITS_ARRIVED]
    aviation = day_of(date(2023, 1, 1))
    assert {int(o.day): int(arrived["amount"][arrived["day"] == o.day].sum()) for o in arrived} == {
        D + 290: 140, armed_helicopters: 100, D + 400: 2069 - 140 - 290, aviation: 290,
    }  # fmt: skip
    assert simulation.world.un_units["troops"].sum() == 2050 + 100 + 2069


@pytest.mark.parametrize("when", ["never", date(2022, 5, 20), date(2020, 5, 20)])
def test_armed_helicopters_come_on_the_day_of_their_lever(when: Any) -> None:
    records = Simulation(scenario().changed(un={"armed_helicopters_from": when}), defaults(), seed=1)
    records.advance(600)
    days = records.records().days
    expected = 0 if when == "never" else 100 * (days["day"] >= day_of(when))
    assert np.array_equal(days["troops"], np.full(600, 2050) + expected)
    assert not days["extra_troops"].any()


OF_UN_UNITS = (
    UNITS_ARRIVED, TOB_OPENED, TOB_CLOSED, TOB_GIVEN_UP, TOB_ATTACKED, PATROL_ATTACKED, CONVOY_SENT, CONVOY_ATTACKED,
    RESPONSE,
)  # fmt: skip


def test_units_that_have_not_arrived_do_nothing() -> None:
    # Troops that are there would allow eight bases, and have four companies to lead them: the absent must not step in.
    simulation = Simulation(arm("never"), defaults().changed(troops_per_tob=80.0, rotation=1.0), seed=1)
    simulation.advance(1000)
    assert simulation.records().days["tobs"].max() == 4
    w = simulation.world
    absent = w.un_units[w.un_units["arrival"] == NEVER]
    assert absent["troops"].sum() == 2069 - 300  # all but the units at Douentza
    assert (absent["task"] == NOT_ARRIVED).all()
    assert np.array_equal(absent["cell"], absent["home"])
    for held in ("at_tob", "resting", "convoying", "escorting", "flying"):
        assert not absent[held].any()
    rows = set(absent["id"].tolist())
    records = simulation.records()
    un = records.operations[np.isin(records.operations["what"], OF_UN_UNITS)]
    assert set(un["what"].tolist()) >= {UNITS_ARRIVED, TOB_OPENED, CONVOY_SENT, RESPONSE}
    assert rows.isdisjoint(un["unit"].tolist())
    attacked = records.events
    assert rows.isdisjoint(attacked["target"][attacked["actor"] == 2].tolist())
    by_un = np.isin(attacked["answer"], (DURING, AVERTED_BY_UN))
    assert by_un.any()
    assert rows.isdisjoint(attacked["responder"][by_un].tolist())
