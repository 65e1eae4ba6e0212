"""The books balance, whatever the numbers: what the logs say has come and gone is what is there.

Bounds of each table on its own are in tests/abm/test_properties.py; here totals of one table are those of another.
"""

from __future__ import annotations

import numpy as np
from engine import day_by_day, used
from hypothesis import given
from proof.worlds import SEED, everything, few, numbers

from abm.accountability import LAPSE_DAYS
from abm.kinds import BAND, BAND_ON_PATROL, NATIONAL_FORCES, NO_WARNING, ON_VILLAGE, PREVENTED
from abm.parameters import Parameters
from abm.simulation import Simulation
from abm.tables import (
    ACQUITTED,
    AGREEMENT_BROKEN,
    AGREEMENT_LAPSED,
    AGREEMENT_MADE,
    CONVOY_ATTACKED,
    CONVOY_SENT,
    DISARMAMENT,
    FREE,
    INVESTIGATED,
    LAPSED,
    NOT_ARRIVED,
    OPEN,
    PATROL_ATTACKED,
    RESPONSE,
    SANCTION,
    SANCTIONED,
    SERVICES_LOST,
    SERVICES_RETURNED,
    TOB_ATTACKED,
    TOB_CLOSED,
    TOB_GIVEN_UP,
    TOB_OPENED,
    UNITS_ARRIVED,
)

DAYS, WEEK = 45, 7


@few
@given(numbers(), SEED)
def test_troops_and_bases_are_those_that_came_less_those_that_went(q: Parameters, seed: int) -> None:
    simulation = Simulation(everything(), q, seed=seed)
    before = simulation.world.un_units
    there_at_first = int(before["troops"][before["task"] != NOT_ARRIVED].sum())
    for _ in day_by_day(simulation, DAYS):
        w, operations = simulation.world, used(simulation, "operations")
        today, counts = used(simulation, "days")[-1], np.bincount(operations["what"], minlength=20)
        arrived = operations["amount"][operations["what"] == UNITS_ARRIVED].sum()
        assert today.troops == there_at_first + arrived
        by_task = today.tob_troops + today.resting_troops + today.convoy_troops + today.escort_troops
        assert by_task + today.hurt_troops <= today.troops
        u = w.un_units
        assert by_task == sum(u[task].sum() for task in ("at_tob", "resting", "convoying", "escorting"))
        open_now = int((w.slots["status"] == OPEN).sum())
        assert today.tobs == open_now == counts[TOB_OPENED] - counts[TOB_CLOSED] - counts[TOB_GIVEN_UP]
        # A company that leads a base is that base's company, and leads no other.
        busy = np.flatnonzero(w.slots["status"] != FREE)
        assert np.array_equal(np.sort(w.slots["unit"][busy]), np.flatnonzero(u["slot"] >= 0))
        assert np.array_equal(u["slot"][w.slots["unit"][busy]], busy)
    assert used(simulation, "days")["tobs"].max() > 0


@few
@given(numbers(), SEED)
def test_logs_and_daily_totals_say_the_same(q: Parameters, seed: int) -> None:
    simulation = Simulation(everything(), q, seed=seed)
    simulation.advance(DAYS)
    days, events, operations = (used(simulation, log) for log in ("days", "events", "operations"))

    def by_day(rows: np.ndarray) -> np.ndarray:
        return np.bincount(rows["day"] - simulation.first_day, minlength=DAYS)

    def rows_of(*what: int) -> np.ndarray:
        return operations[np.isin(operations["what"], what)]

    on_un = events[events["actor"] == BAND_ON_PATROL]
    assert np.array_equal(days["attacks_on_un"], by_day(on_un))
    assert np.array_equal(days["attacks_on_un"], by_day(rows_of(PATROL_ATTACKED, CONVOY_ATTACKED, TOB_ATTACKED)))
    assert days["un_deaths"].sum() == on_un["deaths"].sum()
    assert np.array_equal(days["convoys"], by_day(rows_of(CONVOY_SENT)))
    assert np.array_equal(days["sanctions"], by_day(rows_of(SANCTION)))
    assert np.array_equal(days["prevented"], by_day(events[events["outcome"] == PREVENTED]))
    warned = events[events["answer"] != NO_WARNING]
    assert np.array_equal(days["warnings"], by_day(warned))
    assert (days["answered"] <= days["warnings"]).all()
    assert (by_day(rows_of(RESPONSE)) <= days["warnings"]).all()
    assert (by_day(events[events["actor"] == BAND]) <= days["candidates"]).all()
    assert events.size > 0


@few
@given(numbers(), SEED)
def test_every_abuse_is_a_case_and_every_case_has_one_status(q: Parameters, seed: int) -> None:
    simulation = Simulation(everything(), q, seed=seed)
    simulation.advance(DAYS)
    w, events, cases, days = simulation.world, *(used(simulation, log) for log in ("events", "cases", "days"))
    bands = w.militias[np.where(events["actor"] == NATIONAL_FORCES, 0, events["perpetrator"])]
    answers_to_community = (bands["jihadist"] == 0) & (bands["aligned"] == 0)
    by_militia = (events["actor"] == BAND) & answers_to_community
    abuses = (events["actor"] == NATIONAL_FORCES) | by_militia
    abuses &= (events["action"] == ON_VILLAGE) & (events["outcome"] != PREVENTED)
    # In the order of the log, and with its culprit and village.
    assert cases.size == abuses.sum()
    for mine, its in (("day", "day"), ("perpetrator", "perpetrator"), ("village", "village")):
        assert np.array_equal(cases[mine], events[its][abuses])
    by_status = np.bincount(cases["status"], minlength=6)
    assert by_status.sum() == cases.size
    taken_up = by_status[[INVESTIGATED, SANCTIONED, ACQUITTED]].sum()
    assert taken_up == days["investigations"].sum()
    assert by_status[SANCTIONED] == days["sanctions"].sum()
    assert (cases["day"][cases["status"] == LAPSED] < simulation.day - LAPSE_DAYS).all()
    assert (cases["due"][np.isin(cases["status"], (SANCTIONED, ACQUITTED))] < simulation.day).all()


@few
@given(numbers(), SEED)
def test_people_fighters_services_and_agreements_are_neither_made_nor_lost(q: Parameters, seed: int) -> None:
    simulation = Simulation(everything(), q, seed=seed)
    villages = simulation.world.villages
    people, people_of_cercles = villages["population"].copy(), simulation.world.cercles["people"].copy()
    for day in day_by_day(simulation, DAYS):
        w, operations = simulation.world, used(simulation, "operations")
        v, counts = w.villages, np.bincount(operations["what"], minlength=20)
        today = used(simulation, "days")[-1]
        assert np.array_equal(v["population"], people)
        assert np.array_equal(w.cercles["people"], people_of_cercles)
        assert ((v["displaced"] >= 0) & (v["displaced"] <= people)).all()
        assert (v["displaced_day"][v["displaced"] > 0] <= day).all()
        if day % WEEK == 0:
            calm_until = np.maximum(v["displaced_day"], 0) + int(q.calm_days)
            left = v["displaced"] * 0.5 ** (np.maximum(0, day - calm_until) / q.return_half_life)
            assert abs(today.displaced - left.sum()) <= (v["displaced"] > 0).sum()  # each village is rounded down
        served = v["served"].sum()
        assert today.served == served == counts[SERVICES_RETURNED] - counts[SERVICES_LOST]
        held = w.pairs["held"].sum()
        assert today.agreements == held == counts[AGREEMENT_MADE] - counts[AGREEMENT_BROKEN] - counts[AGREEMENT_LAPSED]
        assert w.pairs["made"].sum() == counts[AGREEMENT_MADE]
        assert w.pairs["broken"].sum() == counts[AGREEMENT_BROKEN]
        laid_down = operations["amount"][operations["what"] == DISARMAMENT].sum()
        assert today.disarmed == int(w.militias["disarmed"].sum()) <= laid_down
    assert used(simulation, "days")["served"].max() > 0
