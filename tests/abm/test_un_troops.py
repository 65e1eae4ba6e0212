"""Where UN troops are: rules of counting, who is posted to a base and who relieves them, and those who are hurt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, scenario
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.kinds import BAND_ON_PATROL
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import FREE, NOT_ARRIVED, ON_TOB, Table
from abm.un_attacks import casualties
from abm.un_tobs import tobs_allowed
from abm.un_troops import fit_troops, relief_troops, unassigned

START = date(2021, 1, 1)
SMALL = scenario("extra-tobs").changed(
    world={"cercles": ("Bandiagara", "Bankass", "Koro", "Mopti")}, package={"decision": START, "permission": START}
)
PEOPLE = st.integers(0, 500)
HURT = st.floats(0.0, 600.0)
Floats = NDArray[np.float64]


def parameters(**changes: Any) -> Parameters:
    """The package is there from the first day; nobody attacks the UN unless a test asks for it."""
    return defaults().changed(
        **{"generation_months": 0.0, "attack_per_patrol": 0.0, "convoy_attack_rate": 0.0, **changes}
    )


# --- rules --------------------------------------------------------------------------------------------------------


@given(PEOPLE, HURT, HURT)
def test_the_fit_are_those_who_are_not_hurt(troops: int, hurt: float, more: float) -> None:
    fit = fit_troops(troops, hurt)
    assert 0 <= fit <= troops
    assert abs(fit + min(hurt, float(troops)) - troops) <= 0.5
    assert fit_troops(troops, hurt + more) <= fit
    assert fit_troops(troops, 0.0) == troops


@given(PEOPLE, PEOPLE, PEOPLE, PEOPLE, PEOPLE)
def test_whoever_is_not_held_by_something_is_free(fit: int, tob: int, rest: int, convoy: int, escort: int) -> None:
    assert unassigned(fit, tob, rest, convoy, escort) == max(0, fit - (tob + rest + convoy + escort))
    assert unassigned(fit, 0, 0, 0, 0) == fit


@given(st.floats(20.0, 1000.0), st.floats(1.0, 6.0))
def test_a_base_and_its_relief_are_what_the_rotation_asks_for(per_base: float, rotation: float) -> None:
    relief = relief_troops(per_base, rotation)
    assert relief >= 0
    assert int(per_base) + relief == int(per_base * rotation)
    assert relief_troops(per_base, 1.0) == 0
    # As many bases as the rule allows never ask for more troops than there are.
    mobile = 3000
    assert tobs_allowed(mobile, per_base, rotation) * (int(per_base) + relief) <= mobile


@given(st.integers(0, 300), st.floats(0.0, 50.0))
def test_the_wounded_come_on_top_of_the_killed(dead: int, wounded: float) -> None:
    assert casualties(dead, wounded) >= dead
    assert casualties(dead, 0.0) == dead
    assert casualties(0, wounded) == 0.0


# --- in a run -----------------------------------------------------------------------------------------------------


def days_of(levers: Scenario, q: Parameters, days: int, seed: int = 1) -> Iterator[tuple[Simulation, int]]:
    simulation = Simulation(levers, q, seed=seed)
    for day in day_by_day(simulation, days):
        yield simulation, day


def posted_by_hand(units: Table, busy: Table, fit: NDArray[np.int64], wanted: int, field: str) -> None:
    """Take `wanted` troops for each base: its leader, mobile companies beside it, others; writes into `field`."""
    for slot in busy:
        lead = units[slot.unit]
        needed = wanted
        mobile = np.flatnonzero(units["mobile"] == 1)
        beside = units["site"][mobile] == lead.site
        rank = np.where(mobile == slot.unit, 0, np.where(beside, 1, 2))
        for i in mobile[np.argsort(rank, kind="stable")]:
            u = units[i]
            taken = min(needed, max(0, int(fit[i]) - int(u.at_tob + u.resting + u.convoying + u.escorting)))
            u[field] += taken
            needed -= taken


@pytest.mark.parametrize(
    "levers", [SMALL, scenario("extra-tobs").changed(package={"decision": START, "permission": START})]
)
def test_bases_take_troops_from_their_company_then_from_those_beside_it_then_from_others(levers: Scenario) -> None:
    mixed = [{**u.model_dump(), "base": "Douentza"} if u.mobile else u.model_dump() for u in levers.package.units]
    q = parameters(troops_per_tob=200.0, rotation=1.5, tob_setup_days=1.0)
    several = 0
    for simulation, _ in days_of(levers.changed(package={"units": mixed}), q, 150):
        w = simulation.world
        expected = w.un_units.copy()
        expected["at_tob"], expected["resting"] = 0, 0
        fit = np.where(expected["task"] == NOT_ARRIVED, 0, expected["troops"])
        busy = w.slots[w.slots["status"] != FREE]
        posted_by_hand(expected, busy, fit, 200, "at_tob")
        posted_by_hand(expected, busy, fit, 100, "resting")
        for field in ("at_tob", "resting"):
            assert w.un_units[field].tolist() == expected[field].tolist()
        assert w.un_units["at_tob"].sum() == 200 * busy.size
        several += busy.size > 1
    assert several > 100


def test_troops_are_counted_once_and_daily_totals_are_those_of_the_units() -> None:
    q = parameters(tob_setup_days=1.0, escorts_per_police_unit=0.0)
    levers = SMALL.changed(un={"escort_share": 0.5}, accountability={"starts": START, "investigations_per_month": 40.0})
    held = {"at_tob": 0, "resting": 0, "convoying": 0, "escorting": 0}
    for simulation, day in days_of(levers, q, 200):
        u = simulation.world.un_units
        busy = sum(u[name] for name in held)
        assert (busy <= u["troops"]).all()
        assert not busy[u["task"] == NOT_ARRIVED].any()
        today = simulation.world.days[day - simulation.first_day]
        totals = (today.tob_troops, today.resting_troops, today.convoy_troops, today.escort_troops)
        assert totals == tuple(u[name].sum() for name in held)
        assert today.hurt_troops == 0
        there = u["task"] != NOT_ARRIVED
        assert today.troops == u["troops"][there].sum()
        assert today.mobile_troops == u["troops"][there & (u["mobile"] == 1)].sum()
        # Whoever patrols is free: nobody patrols and does something else.
        patrols = u["patrol_cell"] >= 0
        assert today.patrol_troops == (u["troops"] - busy)[patrols].sum()
        for name in held:
            held[name] += int(u[name].sum())
    assert min(held.values()) > 1000


def test_only_companies_that_lead_a_base_are_on_it() -> None:
    for simulation, _ in days_of(SMALL, parameters(), 100):
        w = simulation.world
        leaders = w.slots["unit"][w.slots["status"] != FREE]
        assert set(np.flatnonzero(w.un_units["task"] == ON_TOB)) == set(leaders.tolist())
        assert (w.un_units["at_tob"][leaders] > 0).all()
        assert not w.un_units["at_tob"][w.un_units["mobile"] == 0].any()


def hurt_by_hand(events: Table, units: Table, q: Parameters, last_day: int) -> Floats:
    """Killed and wounded of each unit on a day: those of every attack in the log, half back in a half-life."""
    hurt = np.zeros(units.size)
    since = np.zeros(units.size, np.int64)
    for e in events[events["actor"] == BAND_ON_PATROL]:
        u = int(e.target)
        left = hurt[u] * 0.5 ** ((e.day - since[u]) / q.hurt_half_life)
        hurt[u] = min(float(units["troops"][u]), left + e.deaths * (1.0 + q.wounded_per_death))
        since[u] = e.day
    faded: Floats = hurt * 0.5 ** ((last_day - since) / q.hurt_half_life)
    return faded


def test_the_hurt_are_those_of_the_log_and_come_back() -> None:
    q = parameters(attack_per_patrol=0.1, convoy_attack_rate=0.5, hurt_half_life=30.0)
    simulation = Simulation(SMALL, q, seed=3)
    first = simulation.first_day
    simulation.advance(120)
    records, u = simulation.records(), simulation.world.un_units
    last = simulation.day - 1
    expected = hurt_by_hand(records.events, u, q, last)
    assert (expected > 1.0).sum() > 6
    assert u["hurt"] * 0.5 ** ((last - u["hurt_day"]) / 30.0) == pytest.approx(expected, rel=1e-9)
    there = u["task"] != NOT_ARRIVED
    fit = np.array([fit_troops(int(n), float(h)) for n, h in zip(u["troops"], expected, strict=True)])
    assert records.days["hurt_troops"][-1] == (u["troops"] - fit)[there].sum()
    assert records.days["mobile_troops"][-1] == fit[there & (u["mobile"] == 1)].sum()
    on_un = records.events[records.events["actor"] == BAND_ON_PATROL]
    by_day = np.bincount(on_un["day"] - first, minlength=120)
    assert np.array_equal(records.days["attacks_on_un"], by_day)
    assert np.array_equal(records.days["un_deaths"], np.bincount(on_un["day"] - first, on_un["deaths"], minlength=120))


def test_fewer_fit_troops_hold_fewer_bases() -> None:
    # Before the first order half of the standing mobile troops are hurt for good: one base where there were two.
    counts = []
    for hurt in (0.0, 80.0):
        simulation = Simulation(SMALL, parameters(hurt_half_life=720.0), seed=2)
        u = simulation.world.un_units
        u["hurt"][(u["mobile"] == 1) & (u["extra"] == 0)] = hurt
        u["arrival"][u["extra"] == 1] = -1
        simulation.advance(40)
        counts.append(int(simulation.records().days["tobs"][-1]))
    assert counts == [2, 1]
