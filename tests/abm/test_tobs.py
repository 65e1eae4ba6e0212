"""Temporary operating bases: how many, held by whom, where, when and for how long."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, runs, scenario, silent

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
    TOB_OPENED,
    UN_BASE,
    World,
)
from abm.un_patrols import SEGOU_ZONE

START = date(2021, 1, 1)
FIRST = day_of(START)
NEVER = -1


def fast(**levers: Any) -> Scenario:
    """The package decided, permitted and generated on the first day."""
    return scenario("extra-tobs").changed(**{**levers, "package": {"decision": START, "permission": START}})


def parameters(**changes: Any) -> Parameters:
    return defaults().changed(**{"generation_months": 0.0, **changes})


@lru_cache(maxsize=1)
def quiet_run() -> tuple[Records, list[World], Simulation]:
    """Two years of the package with its bases, and the tables of units and slots of every day."""
    q = parameters(tob_days=35.0, tob_setup_days=2.0, convoy_km_per_day=80.0)
    simulation = Simulation(fast(), q, seed=2)
    days = []
    for _ in day_by_day(simulation, 730):
        w = simulation.world
        days.append(w._replace(un_units=w.un_units.copy(), slots=w.slots.copy()))
    return simulation.records(), days, simulation


def spans(records: Records) -> Iterator[tuple[int, int | None, int, int]]:
    """Day opened, day closed or None, cell and unit of each base of the operations log."""
    opened: dict[int, tuple[int, int]] = {}
    for o in records.operations:
        if o.what == TOB_OPENED:
            assert o.unit not in opened  # one unit holds one base
            opened[int(o.unit)] = (int(o.day), int(o.cell))
        elif o.what == TOB_CLOSED:
            day, cell = opened.pop(int(o.unit))
            assert o.cell == cell
            yield day, int(o.day), cell, int(o.unit)
    for unit, (day, cell) in opened.items():
        yield day, None, cell, unit


@pytest.mark.parametrize(
    ("per_base", "rotation"),
    [(150.0, 2.0), (100.0, 2.0), (250.0, 1.0), (80.0, 1.5), (700.0, 2.0)],
)
def test_bases_are_as_many_as_mobile_troops_allow(per_base: float, rotation: float) -> None:
    # Four mobile companies of 160 stand there, three of 250 are added: floor(troops / (per base * rotation)), or as
    # many as there are units to hold them. Ogossagou is held even where troops would not do: a commitment.
    q = parameters(troops_per_tob=per_base, rotation=rotation, tob_setup_days=0.0, tob_days=365.0)
    for levers, troops, units in ((scenario(), 640, 4), (fast(), 1390, 7)):
        days = runs(levers, q, [1], days=120)[0].days
        assert set(days["mobile_troops"].tolist()) == {troops}
        assert days["tobs"].max() == max(1, min(math.floor(troops / (per_base * rotation)), units))


def test_every_slot_is_free_or_has_its_own_unit_and_place() -> None:
    _, days, _ = quiet_run()
    for w in days:
        busy = w.slots[w.slots["status"] != FREE]
        assert len(set(busy["unit"].tolist())) == busy.size
        holders = w.un_units[busy["unit"]]
        assert (holders["task"] == ON_TOB).all()
        assert (holders["mobile"] == 1).all()
        assert np.array_equal(holders["slot"], busy["id"])
        assert np.array_equal(holders["cell"], busy["cell"])
        others = np.setdiff1d(np.arange(w.un_units.size), busy["unit"])
        assert (w.un_units["task"][others] != ON_TOB).all()
        assert (w.un_units["slot"][others] == NEVER).all()


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
                site = w.sites[w.un_units["site"][row.unit]]
                entries = slice(site.first_reach, site.first_reach + site.n_reach)
                km = float(w.site_km[entries, w.calendar[ordered].season][w.site_cell[entries] == row.cell][0])
                assert km <= q.tob_reach_km
                assert row.opens - ordered == math.ceil(km / q.convoy_km_per_day + q.tob_setup_days)
                assert row.closes - row.opens == int(q.tob_days)
                held = [x for x in range(row.opens - FIRST, row.closes - FIRST) if x < len(days)]
                assert all(status[x] == PREPARING for x in range(i, min(row.opens - FIRST, len(days))))
                assert all(status[x] == OPEN for x in held)
                orders += 1
                closings += row.closes - FIRST < len(days) and status[row.closes - FIRST] != OPEN
    assert orders > 30
    assert closings > 25


def ogossagou(w: World) -> int:
    place = towns()["Ogossagou"]
    return int(np.argmin(np.hypot(w.cells["x"] - place.x, w.cells["y"] - place.y)))


def test_ogossagou_is_held_throughout_when_asked() -> None:
    for levers in (scenario(), fast()):
        records = runs(levers, parameters(), [3], days=730)[0]
        cell = ogossagou(Simulation(levers, parameters()).world)
        there = [(o, c) for o, c, where, _ in spans(records) if where == cell]
        assert there == [(FIRST, None)]


def test_ogossagou_waits_for_its_day() -> None:
    levers = scenario("history-2020")
    records = runs(levers, parameters(), [3])[0]
    cell = ogossagou(Simulation(levers, parameters()).world)
    (opened, closed), *more = [(o, c) for o, c, where, _ in spans(records) if where == cell]
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
    elsewhere = [sum(where != cell for _, _, where, _ in spans(r)) for r in (held, free)]
    assert elsewhere[1] > 1.6 * elsewhere[0]


@pytest.mark.parametrize("spacing", [10.0, 25.0, 60.0])
def test_bases_keep_their_distance_from_each_other_and_from_main_bases(spacing: float) -> None:
    simulation = Simulation(fast(un={"hold_ogossagou": False}), parameters(tob_spacing_km=spacing), seed=4)
    w = simulation.world
    main = w.sites[w.sites["kind"] == UN_BASE]
    most = 0
    for _ in day_by_day(simulation, 300):
        busy = w.slots[w.slots["status"] != FREE]
        x, y = w.cells["x"][busy["cell"]], w.cells["y"][busy["cell"]]
        between = np.hypot(x[:, None] - x, y[:, None] - y)[~np.eye(busy.size, dtype=bool)]
        assert (between >= spacing - 1e-9).all()
        assert (np.hypot(x[:, None] - main["x"], y[:, None] - main["y"]) >= spacing - 1e-9).all()
        most = max(most, busy.size)
    assert most == 4


def test_before_2021_no_base_lies_in_segou_or_the_west() -> None:
    # Random sites would go anywhere they may.
    q = parameters(tob_days=7.0, tob_setup_days=0.0, tob_reach_km=800.0)
    levers = scenario("history-2020").changed(months=24, un={"allocation": "random", "hold_ogossagou": False})
    outside: dict[bool, int] = {False: 0, True: 0}
    for seed in range(3):
        simulation = Simulation(levers, q, seed=seed)
        w = simulation.world
        simulation.advance(730)
        for opened, _, cell, _ in spans(simulation.records()):
            limited = w.cells["zone"][cell] == SEGOU_ZONE or w.cells["western"][cell] == 1
            outside[opened >= day_of(levers.un.enlarged) + 14] += limited
            assert not limited or opened >= day_of(levers.un.enlarged)
    assert outside[True] > 20


# --- where bases go -----------------------------------------------------------------------------------------------


def test_fixed_sites_are_taken_in_their_order() -> None:
    sites = ((14.06, -3.07), (14.99, -2.95), (13.91, -4.55), (14.35, -3.61))
    levers = fast(un={"allocation": "fixed", "tob_sites": sites, "hold_ogossagou": False})
    simulation = Simulation(levers, parameters(tob_spacing_km=1.0, tob_days=365.0, tob_reach_km=800.0), seed=1)
    w = simulation.world
    simulation.advance(60)
    busy = w.slots[w.slots["status"] != FREE]
    assert busy["cell"].tolist() == w.fixed_sites.tolist()
    assert w.fixed_sites.size == 4


@pytest.mark.parametrize("policy", ["fixed", "hotspot"])
def test_no_two_bases_hold_the_same_place_at_the_least_spacing(policy: str) -> None:
    sites = ((14.06, -3.07), (14.99, -2.95), (13.91, -4.55), (14.35, -3.61))
    chosen = {"tob_sites": sites} if policy == "fixed" else {}
    levers = fast(un={"allocation": policy, "hold_ogossagou": False, **chosen})
    simulation = Simulation(levers, parameters(tob_spacing_km=1.0, tob_days=365.0, tob_reach_km=800.0), seed=1)
    simulation.advance(60)
    assert len(set(simulation.world.slots["cell"].tolist())) == 4


def test_with_few_fixed_sites_bases_are_few() -> None:
    levers = fast(un={"allocation": "fixed", "tob_sites": ((14.06, -3.07),), "hold_ogossagou": False})
    days = runs(levers, parameters(), [1], days=200)[0].days
    assert days["tobs"].max() == 1


def covered(w: World, amounts: np.ndarray) -> np.ndarray:
    """What a base at each cell would cover of an amount on all cells, weighted by the presence kernel."""
    score = np.zeros(w.cells.size)
    kernel = {tuple(o): k for o, k in zip(w.stamp_offset.tolist(), w.stamp_kernel.tolist(), strict=True)}
    for cell in np.flatnonzero(amounts > 0):
        for (i, j), k in kernel.items():
            column, row = w.cells["column"][cell] + i, w.cells["row"][cell] + j
            if 0 <= column < w.lookup.shape[0] and 0 <= row < w.lookup.shape[1] and w.lookup[column, row] >= 0:
                score[w.lookup[column, row]] += amounts[cell] * k
    return score


@pytest.mark.parametrize("policy", ["hotspot", "population"])
def test_bases_go_where_most_is_covered(policy: str) -> None:
    q = silent(parameters(tob_spacing_km=30.0, tob_days=365.0, tob_setup_days=14.0, convoy_km_per_day=10.0))
    simulation = Simulation(fast(un={"allocation": policy, "hold_ogossagou": False}), q, seed=1)
    w = simulation.world
    while not (w.slots["status"] == PREPARING).any():
        simulation.advance(1)
    ordered = simulation.day - 1
    heat = w.cells["heat"] * 0.5 ** ((ordered - w.cells["heat_day"]) / q.heat_half_life)
    score = covered(w, heat if policy == "hotspot" else w.cells["population"].astype(float))
    season, taken = w.calendar[ordered].season, []
    main = w.sites[w.sites["kind"] == UN_BASE]
    for slot in w.slots:
        site = w.sites[w.un_units["site"][slot.unit]]
        entries = slice(site.first_reach, site.first_reach + site.n_reach)
        near = w.site_cell[entries][w.site_km[entries, season] <= q.tob_reach_km]
        x, y = w.cells["x"][near], w.cells["y"][near]
        ok = (np.hypot(x[:, None] - main["x"], y[:, None] - main["y"]) >= 30.0).all(axis=1)
        for cell in taken:
            ok &= np.hypot(x - w.cells["x"][cell], y - w.cells["y"][cell]) >= 30.0
        assert score[slot.cell] == pytest.approx(score[near[ok]].max(), rel=1e-12)
        taken.append(int(slot.cell))
    assert len(set(taken)) == w.slots.size == 4


def test_random_sites_differ_between_seeds_and_slots_and_not_between_arms() -> None:
    q = silent(parameters(tob_days=21.0))
    levers = {"allocation": "random", "hold_ogossagou": False}
    sites = [[c for _, _, c, _ in spans(r)] for r in runs(scenario().changed(un=levers), q, range(3), days=200)]
    assert len({tuple(s) for s in sites}) == 3
    assert all(len(set(s)) > 0.7 * len(s) for s in sites)
    # Slots that both arms have go to the same places at first: the draw belongs to the slot.
    one, other = (Simulation(s, q, seed=1) for s in (scenario().changed(un=levers), fast(un=levers)))
    for simulation in (one, other):
        simulation.advance(10)
    assert one.world.slots["cell"].tolist() == other.world.slots["cell"][:2].tolist()


def test_open_bases_are_those_of_the_daily_totals() -> None:
    records, days, _ = quiet_run()
    for row, w in zip(records.days, days, strict=True):
        open_now = w.slots[w.slots["status"] == OPEN]
        assert row.tobs == open_now.size
        assert row.extra_tobs == open_now["extra"].sum()
    opened, closed = (int((records.operations["what"] == what).sum()) for what in (TOB_OPENED, TOB_CLOSED))
    assert opened - closed == records.days["tobs"][-1]
