"""Temporary operating bases: how many, whose troops hold them, when and for how long."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, runs, scenario, tob_spans

from abm.calendar import day_of
from abm.geography import towns
from abm.parameters import Parameters
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import (
    FREE,
    ON_TOB,
    OPEN,
    PREPARING,
    TOB_CLOSED,
    TOB_GIVEN_UP,
    TOB_OPENED,
    World,
)

START = date(2021, 1, 1)
FIRST = day_of(START)
NEVER = -1


def fast(**levers: Any) -> Scenario:
    """The package decided, permitted and generated on the first day."""
    return scenario("extra-tobs").changed(**{**levers, "package": {"decision": START, "permission": START}})


# Nobody attacks the UN, so that no company is short of troops and no convoy is late.
UNHARMED = {"attack_per_patrol": 0.0, "convoy_attack_rate": 0.0}


def parameters(**changes: Any) -> Parameters:
    return defaults().changed(**{"generation_months": 0.0, **changes})


@lru_cache(maxsize=1)
def quiet_run() -> tuple[Records, list[World], Simulation]:
    """Two years of the package with its bases, and the tables of units and slots of every day."""
    q = parameters(tob_days=35.0, tob_setup_days=2.0, convoy_km_per_day=80.0, **UNHARMED)
    simulation = Simulation(fast(), q, seed=2)
    days = []
    for _ in day_by_day(simulation, 730):
        w = simulation.world
        days.append(w._replace(un_units=w.un_units.copy(), slots=w.slots.copy()))
    return simulation.records(), days, simulation


@pytest.mark.parametrize(
    ("per_base", "rotation"),
    [(150.0, 2.0), (100.0, 2.0), (250.0, 1.0), (80.0, 1.5), (700.0, 2.0)],
)
def test_bases_are_as_many_as_mobile_troops_allow(per_base: float, rotation: float) -> None:
    # Four mobile companies of 160 stand there, three of 250 are added: floor(troops / (per base * rotation)), or as
    # many as there are companies to lead them. Ogossagou is held even where troops would not do: a commitment.
    q = parameters(troops_per_tob=per_base, rotation=rotation, tob_setup_days=0.0, tob_days=365.0, **UNHARMED)
    for levers, troops, units in ((scenario(), 640, 4), (fast(), 1390, 7)):
        days = runs(levers, q, [1], days=120)[0].days
        assert set(days["mobile_troops"].tolist()) == {troops}
        assert days["tobs"].max() == max(1, min(math.floor(troops / (per_base * rotation)), units))


def test_every_slot_is_free_or_has_its_own_unit_and_place() -> None:
    _, days, _ = quiet_run()
    for w in days:
        busy = w.slots[w.slots["status"] != FREE]
        assert len(set(busy["unit"].tolist())) == busy.size
        leading = w.un_units[busy["unit"]]
        assert (leading["mobile"] == 1).all()
        assert np.array_equal(leading["slot"], busy["id"])
        assert np.array_equal(leading["cell"], busy["cell"])
        others = np.setdiff1d(np.arange(w.un_units.size), busy["unit"])
        assert (w.un_units["task"][others] != ON_TOB).all()
        assert (w.un_units["slot"][others] == NEVER).all()


@pytest.mark.parametrize(("per_base", "rotation"), [(150.0, 2.0), (180.0, 1.8), (90.5, 2.5)])
def test_bases_take_troops_from_as_many_companies_as_it_takes(per_base: float, rotation: float) -> None:
    # Each base takes its troops and as many again, times the rotation less one, for relief: from the company that leads
    # it first. A base of 180 is more than a company of 160.
    q = parameters(troops_per_tob=per_base, rotation=rotation, **UNHARMED)
    simulation = Simulation(fast(), q, seed=3)
    relief = int(per_base * rotation) - int(per_base)
    most, shared = 0, 0
    for day in day_by_day(simulation, 200):
        w, today = simulation.world, simulation.world.days[simulation.day - 1 - FIRST]
        u, bases = w.un_units, int((w.slots["status"] != FREE).sum())
        assert u["at_tob"].sum() == today.tob_troops == bases * int(per_base)
        assert u["resting"].sum() == today.resting_troops == bases * relief
        assert not (u["at_tob"] + u["resting"])[u["mobile"] == 0].any()
        assert (u["at_tob"] + u["resting"] + u["convoying"] + u["escorting"] <= u["troops"]).all(), day
        leading = u[w.slots["unit"][w.slots["status"] != FREE]]
        assert np.array_equal(leading["at_tob"], np.minimum(leading["troops"], int(per_base)))
        most, shared = max(most, bases), shared + int((u["at_tob"][u["task"] != ON_TOB] > 0).any())
    assert most >= 3
    assert (shared > 100) == (per_base > 160.0)


def test_losses_of_the_standing_force_make_none_of_its_bases_an_extra_one() -> None:
    # Two of the bases are those of the force that is there in any case, however many of its people are hurt.
    q = parameters(attack_per_patrol=0.1, wounded_per_death=30.0, hurt_half_life=300.0, tob_days=21.0)
    simulation = Simulation(fast(), q, seed=5)
    hurt = extra = 0
    for day in day_by_day(simulation, 365):
        w = simulation.world
        standing = w.un_units[(w.un_units["extra"] == 0) & (w.un_units["mobile"] == 1)]
        left = standing["troops"] - standing["hurt"] * 0.5 ** ((day - standing["hurt_day"]) / q.hurt_half_life)
        hurt += left.sum() < 2 * q.troops_per_tob * q.rotation
        working = np.flatnonzero(w.slots["status"] == OPEN)
        assert np.array_equal(w.slots["extra"][working] == 1, working >= 2)
        extra += int((working >= 2).sum())
    assert hurt > 100
    assert extra > 20


def site_entry(w: World, unit: int, cell: int) -> int:
    """Entry of a cell in the reach of a unit's main base."""
    site = w.sites[w.un_units["site"][unit]]
    return int(site.first_reach + np.flatnonzero(w.site_cell[site.first_reach :][: site.n_reach] == cell)[0])


def test_bases_are_held_for_their_time_and_opened_after_convoy_and_set_up() -> None:
    _, days, simulation = quiet_run()
    q, w = simulation.parameters, simulation.world
    orders = closings = 0
    for slot in range(1, w.slots.size):  # the first is Ogossagou's
        status = [d.slots["status"][slot] for d in days]
        for i, d in enumerate(days):
            row = d.slots[slot]
            if row.status == PREPARING and (i == 0 or status[i - 1] != PREPARING):
                ordered = FIRST + i
                assert ordered % 7 == 0  # orders are weekly
                assert row.entry == site_entry(w, row.unit, row.cell)
                km = float(w.site_km[row.entry, w.calendar[ordered].season])
                assert km <= q.tob_reach_km
                assert row.opens - ordered == math.ceil(km / q.convoy_km_per_day + q.tob_setup_days)
                assert row.closes - row.opens == int(q.tob_days)
                held = [x for x in range(row.opens - FIRST, row.closes - FIRST) if x < len(days)]
                assert all(status[x] == PREPARING for x in range(i, min(row.opens - FIRST, len(days))))
                assert all(status[x] == OPEN for x in held)  # nobody is attacked here, so supplies always come
                orders += 1
                closings += row.closes - FIRST < len(days) and status[row.closes - FIRST] != OPEN
    assert orders > 30
    assert closings > 25


def test_bases_that_supplies_do_not_reach_are_given_up_but_for_ogossagou() -> None:
    # No unit has as many free troops as a convoy needs: bases live on what they brought and their reserve.
    q = parameters(convoy_troops=400.0, resupply_days=10.0, supply_reserve_days=4.0, tob_days=60.0)
    simulation = Simulation(fast(), q, seed=2)
    cell = ogossagou(simulation.world)
    simulation.advance(365)
    records = simulation.records()
    assert not records.days["convoys"].any()
    elsewhere = [(o, c) for o, c, where, _ in tob_spans(records) if where != cell]
    assert len(elsewhere) > 10
    assert {closed - opened for opened, closed in elsewhere if closed is not None} == {10 + 4 + 1}
    given_up, closed = (int((records.operations["what"] == what).sum()) for what in (TOB_GIVEN_UP, TOB_CLOSED))
    assert given_up > 10
    assert closed == 0
    assert [(o, c) for o, c, where, _ in tob_spans(records) if where == cell] == [(FIRST, None)]


def ogossagou(w: World) -> int:
    place = towns()["Ogossagou"]
    return int(np.argmin(np.hypot(w.cells["x"] - place.x, w.cells["y"] - place.y)))


def test_ogossagou_is_held_throughout_when_asked() -> None:
    for levers in (scenario(), fast()):
        records = runs(levers, parameters(), [3], days=730)[0]
        cell = ogossagou(Simulation(levers, parameters()).world)
        there = [(o, c) for o, c, where, _ in tob_spans(records) if where == cell]
        assert there == [(FIRST, None)]


def test_ogossagou_waits_for_its_day() -> None:
    levers = scenario("history-2020")
    records = runs(levers, parameters(), [3])[0]
    cell = ogossagou(Simulation(levers, parameters()).world)
    (opened, closed), *more = [(o, c) for o, c, where, _ in tob_spans(records) if where == cell]
    assert day_of(date(2020, 2, 14)) <= opened <= day_of(date(2020, 2, 14)) + 8  # the next weekly order
    assert closed is None
    assert more == []


def test_not_holding_ogossagou_frees_a_base_for_elsewhere() -> None:
    q = parameters(tob_setup_days=0.0, convoy_km_per_day=500.0)
    held, free = (
        runs(scenario().changed(un={"hold_ogossagou": hold}), q, [3], days=365)[0] for hold in (True, False)
    )  # fmt: skip
    assert held.days["tobs"].max() == free.days["tobs"].max() == 2
    cell = ogossagou(Simulation(scenario(), q).world)
    elsewhere = [sum(where != cell for _, _, where, _ in tob_spans(r)) for r in (held, free)]
    assert elsewhere[1] > 1.6 * elsewhere[0]


def test_open_bases_are_those_of_the_daily_totals() -> None:
    records, days, _ = quiet_run()
    for row, w in zip(records.days, days, strict=True):
        open_now = w.slots[w.slots["status"] == OPEN]
        assert row.tobs == open_now.size
        assert row.extra_tobs == open_now["extra"].sum()
    opened, closed, given_up = (
        int((records.operations["what"] == what).sum()) for what in (TOB_OPENED, TOB_CLOSED, TOB_GIVEN_UP)
    )
    assert opened - closed - given_up == records.days["tobs"][-1]
