"""Escorts of civilian teams: police first, then troops who would otherwise patrol, and the share of teams served."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, inert, scenario, silent, used
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import NOT_ARRIVED
from abm.un_escorts import missions_with_police, share_served, troops_for

START = date(2021, 1, 1)
FIRST = day_of(START)
WEEK = 7
PER_WEEK = WEEK / DAYS_PER_MONTH
SMALL = scenario().changed(world={"cercles": ("Bandiagara", "Bankass", "Koro", "Mopti")})
MISSIONS = st.floats(0.0, 200.0)
ESCORT = st.floats(1.0, 400.0)
LENGTH = st.floats(0.5, 30.0)

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 40), st.floats(0.0, 60.0))
def test_police_units_escort_their_missions_a_month(units: int, each: float) -> None:
    assert missions_with_police(units, each) == pytest.approx(units * each * PER_WEEK)
    assert missions_with_police(0, each) == missions_with_police(units, 0.0) == 0.0


@given(MISSIONS, ESCORT, LENGTH)
def test_missions_tie_troops_down_for_their_days(missions: float, each: float, days: float) -> None:
    assert troops_for(missions, each, days) == pytest.approx(missions * each * days / WEEK)
    assert troops_for(0.0, each, days) == 0.0


@given(MISSIONS, st.floats(0.0, 1.0), st.floats(0.0, 5000.0), ESCORT, LENGTH)
def test_the_share_served_is_what_police_and_troops_can_escort(
    wanted: float, part: float, troops: float, each: float, days: float
) -> None:
    by_police = wanted * part
    share = share_served(wanted, by_police, troops, each, days)
    assert 0.0 <= share <= 1.0
    assert share_served(wanted, by_police, troops + 100.0, each, days) >= share
    assert share_served(wanted, wanted, troops, each, days) == 1.0
    assert share_served(0.0, 0.0, troops, each, days) == 1.0
    if wanted > 1e-6:
        # Troops for all that police cannot escort serve everybody; half of them half of the rest.
        rest = troops_for(wanted - by_police, each, days)
        assert share_served(wanted, by_police, rest, each, days) == pytest.approx(1.0)
        assert share_served(wanted, by_police, rest / 2, each, days) == pytest.approx((1.0 + part) / 2)
        assert share_served(wanted, 0.0, 0.0, each, days) == 0.0


# --- in a run -----------------------------------------------------------------------------------------------------


def wants(a_week: float, base: Scenario = SMALL, **un: Any) -> Scenario:
    """Investigators ask for so many missions a week from the first day."""
    levers = {"starts": START, "investigations_per_month": a_week / PER_WEEK}
    return base.changed(accountability=levers, un=un)


def quiet(**changes: Any) -> Parameters:
    """Nobody attacks anybody: all troops are fit, and what they do depends on orders alone."""
    return silent(inert(**{"attack_per_patrol": 0.0, "convoy_attack_rate": 0.0, **changes}))


def first_order(day: int) -> int:
    return -(-day // WEEK) * WEEK


def test_where_police_suffice_no_troops_escort_and_all_teams_are_served() -> None:
    q = quiet(escorts_per_police_unit=20.0)  # two units: 9.2 a week
    simulation = Simulation(wants(8.0), q, seed=1)
    simulation.advance(120)
    days = simulation.records().days
    orders = days["day"] % WEEK == 0
    assert days["missions"][orders] == pytest.approx(8.0)
    assert not days["missions"][~orders].any()
    assert not days["escort_troops"].any()


def test_troops_escort_what_police_cannot_as_far_as_they_may() -> None:
    # Police escort 2.76 missions a week, others need 30 troops for 3 days each: on average 12.86 troops a mission.
    q = quiet(escorts_per_police_unit=6.0, troops_per_escort=30.0, escort_days=3.0)
    by_police = 2 * 6.0 * PER_WEEK
    each = 30.0 * 3.0 / WEEK
    limited = {False: 0, True: 0}
    for wanted, share in ((10.0, 0.25), (40.0, 0.25), (40.0, 0.05)):
        simulation = Simulation(wants(wanted, escort_share=share), q, seed=1)
        w = simulation.world
        for day in day_by_day(simulation, 100):
            u = w.un_units
            if day % WEEK == 0:
                if w.days[day - FIRST].convoys > 0:
                    continue  # who left with it after the order was free when it was given
                can = (u["patrols"] == 1) & (u["task"] != NOT_ARRIVED)
                free = (u["troops"] - u["at_tob"] - u["resting"] - u["convoying"])[can].sum()
                used_for_it = min((wanted - by_police) * each, share * free)
                served = min(1.0, (by_police + used_for_it / each) / wanted)
                assert w.state[0].served_share == pytest.approx(served)
                assert w.days[day - FIRST].missions == pytest.approx(wanted * served)
                # Whole people of each company: at most one fewer for each.
                assert used_for_it - can.sum() <= u["escorting"].sum() <= used_for_it + 1e-9
                limited[used_for_it < (wanted - by_police) * each * (1 - 1e-12)] += 1
            assert not u["escorting"][u["patrols"] == 0].any()
    assert min(limited.values()) > 5


def test_escorts_are_ordered_weekly_and_kept_until_the_next_order() -> None:
    simulation = Simulation(wants(40.0), quiet(escorts_per_police_unit=0.0), seed=1)
    before = np.zeros(simulation.world.un_units.size, np.int64)
    for day in day_by_day(simulation, 60):
        now = simulation.world.un_units["escorting"]
        if day % WEEK:
            assert np.array_equal(now, before)
        else:
            assert now.sum() > 50
        before = now.copy()


def test_without_police_or_troops_no_team_goes_out_and_nothing_is_investigated() -> None:
    def investigated(levers: Scenario, q: Parameters) -> tuple[int, float]:
        simulation = Simulation(levers, q, seed=2)
        simulation.advance(365)
        days = simulation.records().days
        return int(days["investigations"].sum()), float(days["missions"].sum())

    q = inert(report_base=1.0)
    none, no_missions = investigated(wants(5.0, escort_share=0.0), q.changed(escorts_per_police_unit=0.0))
    some, missions = investigated(wants(5.0), q)
    assert none == no_missions == 0
    assert some > 10
    assert missions == pytest.approx(5.0 * 52)
    # In a world without the UN nobody escorts anybody.
    assert investigated(wants(5.0, SMALL.changed(un={"present": False})), q) == (0, 0.0)


def test_police_who_have_not_come_escort_nobody() -> None:
    arrival = date(2021, 3, 1)
    line = {"type": "police", "units": 4, "heads": 140, "base": "Sévaré", "earliest": arrival}
    more = SMALL.changed(package={"decision": START, "permission": START, "units": [line]})
    q = quiet(escorts_per_police_unit=3.0, generation_months=0.0)
    simulation = Simulation(wants(100.0, more, escort_share=0.0), q, seed=1)
    simulation.advance(120)
    days = simulation.records().days
    days = days[days["day"] % WEEK == 0]
    there = days["day"] >= day_of(arrival)
    assert days["missions"] == pytest.approx(np.where(there, 6, 2) * 3.0 * PER_WEEK)


def test_troops_who_escort_patrol_less() -> None:
    # No base and no convoy: troops patrol or escort. More missions are asked for than all of them could escort.
    q = quiet(escorts_per_police_unit=0.0, patrols_per_company=0.7, troops_per_tob=1000.0, troops_per_escort=100.0)
    patrols = []
    for share in (0.0, 0.2, 0.6, 1.0):
        simulation = Simulation(wants(200.0, escort_share=share, hold_ogossagou=False), q, seed=1)
        simulation.advance(200)
        days = simulation.records().days
        patrols.append(days["un_patrols"][days["day"] >= first_order(FIRST)])
    # The draw of a patrol is common and its chance falls with those who escort: never one more, on any day.
    for fewer, more in zip(patrols[1:], patrols[:-1], strict=True):
        assert (fewer <= more).all()
    totals = [int(p.sum()) for p in patrols]
    assert [n / totals[0] for n in totals[:3]] == pytest.approx([1.0, 0.8, 0.4], abs=0.06)
    assert totals[3] == 0  # all are out with civilian teams


def test_investigators_and_dialogue_share_the_same_escorts() -> None:
    q = quiet(escorts_per_police_unit=10.0)
    levers = wants(3.0, escort_share=0.0).changed(
        strategy={"starts": date(2021, 4, 1), "dialogue_missions_per_month": 4.0 / PER_WEEK}
    )
    simulation = Simulation(levers, q, seed=1)
    simulation.advance(200)
    days = simulation.records().days
    days = days[days["day"] % WEEK == 0]
    both = days["day"] >= day_of(date(2021, 4, 1))
    assert days["missions"] == pytest.approx(np.where(both, min(7.0, 20.0 * PER_WEEK), 3.0))
    # Each has its share: four missions of dialogue a week, times those served.
    talks = days["dialogue_missions"][both].sum()
    assert talks == pytest.approx(both.sum() * 4.0 * 20.0 * PER_WEEK / 7.0, abs=2.0)
    assert used(simulation, "events").size == 0
