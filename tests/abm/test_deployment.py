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
from abm.deployment import LONGEST_WAIT_MONTHS, NEVER, arrival_day, generated_day, permission_day
from abm.scenario import PackageLevers, Scenario, UnitLine
from abm.simulation import Simulation
from abm.tables import NOT_ARRIVED

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


# --- land ---------------------------------------------------------------------------------------------------------


def test_permission_is_drawn_fixed_or_never() -> None:
    assert permission_day(package(permission="never"), 9.0) == NEVER
    assert permission_day(package(permission=date(2022, 3, 1)), 9.0) == day_of(date(2022, 3, 1))
    assert permission_day(package(), 9.0) == D + 274
    assert permission_day(package(), 0.0) == D


def test_land_that_takes_too_long_counts_as_never() -> None:
    assert permission_day(package(), LONGEST_WAIT_MONTHS) == D + round(LONGEST_WAIT_MONTHS * DAYS_PER_MONTH)
    assert permission_day(package(), LONGEST_WAIT_MONTHS + 0.01) == NEVER


def line(base: str = "Sévaré", needs_land: bool = True) -> UnitLine:
    return UnitLine.model_validate(
        {"type": "infantry", "units": 1, "heads": 100, "base": base, "needs_land": needs_land}
    )


def arm(permission: Any) -> Scenario:
    return scenario("extra-tobs").changed(package={"permission": permission})


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
    assert arrival_day(line(base, needs_land), arm(permission), defaults()) == expected


def test_a_drawn_permission_takes_the_time_of_the_draw() -> None:
    q = defaults().changed(permission_months=20.0)
    assert arrival_day(line(), arm("drawn"), q) == D + round(20 * DAYS_PER_MONTH)
    assert arrival_day(line(), arm("drawn"), defaults().changed(permission_months=100.0)) == NEVER


# --- in a run -----------------------------------------------------------------------------------------------------


def test_troops_arrive_on_their_day_and_stay() -> None:
    # Conservation: every day, the troops that are there are those of the standing force and of the lines whose day has
    # come; nobody is lost on the way, and bases move people about without making any.
    levers = arm(DECISION + timedelta(days=400))
    simulation = Simulation(levers, defaults(), seed=1)
    standing = int(simulation.world.un_units["troops"][simulation.world.un_units["extra"] == 0].sum())
    assert standing == 2050
    simulation.advance(1000)
    records = simulation.records()
    for day in records.days:
        there = sum(
            u.units * u.heads
            for u in levers.package.units
            if 0 <= arrival_day(u, levers, defaults()) <= day.day
        )  # fmt: skip
        assert day.extra_troops == there
        assert day.troops == standing + there
    assert records.days["extra_troops"][-1] == 2069
    arrived = records.operations[records.operations["what"] == 2]
    assert arrived["amount"].sum() == 2069
    assert set(arrived["day"].tolist()) == {D + 290, D + 400}
    units = simulation.world.un_units
    assert units["troops"].sum() == 2050 + 2069


def test_units_that_have_not_arrived_do_nothing() -> None:
    # Troops that are there would allow eight bases, and have four units to hold them: the absent must not step in.
    simulation = Simulation(arm("never"), defaults().changed(troops_per_tob=80.0, rotation=1.0), seed=1)
    simulation.advance(1000)
    assert simulation.records().days["tobs"].max() == 4
    w = simulation.world
    absent = w.un_units[w.un_units["arrival"] == NEVER]
    assert absent["troops"].sum() == 2069 - 300  # all but the units at Douentza
    assert (absent["task"] == NOT_ARRIVED).all()
    assert np.array_equal(absent["cell"], absent["home"])
    rows = set(absent["id"].tolist())
    operations = simulation.records().operations
    un = operations[operations["what"] != 3]
    assert rows.isdisjoint(un["unit"].tolist())
    attacked = simulation.records().events
    assert rows.isdisjoint(attacked["target"][attacked["actor"] == 2].tolist())
