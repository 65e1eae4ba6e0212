"""Temporary operating bases: how many, whose troops hold them, where, when and for how long."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, runs, scenario, silent
from numpy.typing import NDArray

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
    UN_BASE,
    Table,
    World,
)
from abm.un_tobs import SEGOU_ZONE

START = date(2021, 1, 1)
FIRST = day_of(START)
NEVER = -1


def fast(**levers: Any) -> Scenario:
    """The package decided, permitted and generated on the first day."""
    return scenario("extra-tobs").changed(**{**levers, "package": {"decision": START, "permission": START}})


# Nobody attacks the UN, so that no company is short of troops and no convoy is late.
UNHARMED = {"attack_per_patrol": 0.0, "convoy_attack_rate": 0.0}
# Casualties come back from anywhere: no place is too far for that.
ANYWHERE = {"ground_medical_km": 400.0, "air_medical_km": 400.0, "clinic_factor": 1.0, "tob_reach_km": 800.0}


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


def spans(records: Records) -> Iterator[tuple[int, int | None, int, int]]:
    """Day opened, day closed or None, cell and unit of each base of the operations log."""
    opened: dict[int, tuple[int, int]] = {}
    for o in records.operations:
        if o.what == TOB_OPENED:
            assert o.unit not in opened  # one company leads one base
            opened[int(o.unit)] = (int(o.day), int(o.cell))
        elif o.what in (TOB_CLOSED, TOB_GIVEN_UP):
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
    elsewhere = [(o, c) for o, c, where, _ in spans(records) if where != cell]
    assert len(elsewhere) > 10
    assert {closed - opened for opened, closed in elsewhere if closed is not None} == {10 + 4 + 1}
    given_up, closed = (int((records.operations["what"] == what).sum()) for what in (TOB_GIVEN_UP, TOB_CLOSED))
    assert given_up > 10
    assert closed == 0
    assert [(o, c) for o, c, where, _ in spans(records) if where == cell] == [(FIRST, None)]


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
    q = parameters(tob_spacing_km=spacing, **ANYWHERE)
    simulation = Simulation(fast(un={"hold_ogossagou": False}), q, seed=4)
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
    q = parameters(tob_days=7.0, tob_setup_days=0.0, **ANYWHERE)
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
    simulation = Simulation(levers, parameters(tob_spacing_km=1.0, tob_days=365.0, **ANYWHERE), seed=1)
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
    simulation = Simulation(levers, parameters(tob_spacing_km=1.0, tob_days=365.0, **ANYWHERE), seed=1)
    simulation.advance(60)
    assert len(set(simulation.world.slots["cell"].tolist())) == 4


def test_with_few_fixed_sites_bases_are_few() -> None:
    levers = fast(un={"allocation": "fixed", "tob_sites": ((14.06, -3.07),), "hold_ogossagou": False})
    assert runs(levers, parameters(**ANYWHERE), [1], days=200)[0].days["tobs"].max() == 1
    # This one lies more than 100 km from Mopti-Sévaré: too far where casualties have to come back in time.
    assert runs(levers, parameters(), [1], days=200)[0].days["tobs"].max() == 0


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


def feasible(w: World, q: Parameters, ordered: int, slot: Table, taken: list[int]) -> NDArray[np.int64]:
    """Cells where a base could go: within the way, supply and medical reach of its main base, apart from others.

    Helicopters are stationed at Mopti-Sévaré; the level-2 hospital has not opened on the days of these tests.
    """
    unit = w.un_units[slot.unit]
    site = w.sites[unit.site]
    entries = slice(site.first_reach, site.first_reach + site.n_reach)
    km, cells = w.site_km[entries, w.calendar[ordered].season], w.site_cell[entries]
    x, y = w.cells["x"][cells], w.cells["y"][cells]
    by_air = ((w.un_units["site"] == unit.site) & (w.un_units["helicopters"] > 0)).any()
    medical = q.clinic_factor * (q.air_medical_km if by_air else q.ground_medical_km)
    ok = (km <= q.tob_reach_km) & (2 * km <= q.convoy_km_per_day * q.resupply_days)
    ok &= np.hypot(x - site.x, y - site.y) <= medical
    main = w.sites[w.sites["kind"] == UN_BASE]
    for there_x, there_y in [*zip(main["x"], main["y"], strict=True), *zip(*at(w, taken), strict=True)]:
        ok &= np.hypot(x - there_x, y - there_y) >= q.tob_spacing_km
    return cells[ok]


def at(w: World, cells: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return w.cells["x"][cells], w.cells["y"][cells]


def first_orders(policy: str, q: Parameters, alarm: bool = False) -> tuple[World, int]:
    """The world on the day on which all bases of the package and the force are ordered at once, and that day."""
    simulation = Simulation(fast(un={"allocation": policy, "hold_ogossagou": False}), q, seed=1)
    if alarm:
        simulation.world.cells["alarm"] = np.random.default_rng(3).random(simulation.world.cells.size) ** 40
    while not (simulation.world.slots["status"] == PREPARING).any():
        simulation.advance(1)
    return simulation.world, simulation.day - 1


# Slow convoys and long set-up: nothing opens, so nothing but the orders happens.
ORDERED = {"tob_spacing_km": 30.0, "tob_days": 365.0, "tob_setup_days": 14.0, "convoy_km_per_day": 12.0}


@pytest.mark.parametrize("reach", [{}, ANYWHERE])
@pytest.mark.parametrize("policy", ["hotspot", "population", "warning"])
def test_bases_go_where_most_is_covered(policy: str, reach: dict[str, float]) -> None:
    q = silent(parameters(**ORDERED, **reach))
    w, ordered = first_orders(policy, q, alarm=policy == "warning")
    fades = {"hotspot": "heat", "warning": "alarm"}
    amounts = w.cells["population"].astype(float)
    if policy in fades:
        name = fades[policy]
        amounts = w.cells[name] * 0.5 ** ((ordered - w.cells[f"{name}_day"]) / q.heat_half_life)
    score, taken = covered(w, amounts), []
    for slot in w.slots:
        assert score[slot.cell] == pytest.approx(score[feasible(w, q, ordered, slot, taken)].max(), rel=1e-12)
        taken.append(int(slot.cell))
    assert len(set(taken)) == w.slots.size == 4


def test_spread_bases_go_where_others_are_furthest() -> None:
    q = silent(parameters(**ORDERED))
    w, ordered = first_orders("spread", q)
    main = w.sites[w.sites["kind"] == UN_BASE]
    taken: list[int] = []

    def clear(cells: NDArray[np.int64] | list[int]) -> NDArray[np.float64]:
        x, y = (np.concatenate([main[name], w.cells[name][taken]]) for name in ("x", "y"))
        apart: NDArray[np.float64] = np.hypot(w.cells["x"][cells][:, None] - x, w.cells["y"][cells][:, None] - y)
        return apart.min(axis=1)

    for slot in w.slots:
        best = clear(feasible(w, q, ordered, slot, taken)).max()
        assert clear([int(slot.cell)])[0] == pytest.approx(best, rel=1e-12)
        taken.append(int(slot.cell))
    assert len(set(taken)) == 4


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
    opened, closed, given_up = (
        int((records.operations["what"] == what).sum()) for what in (TOB_OPENED, TOB_CLOSED, TOB_GIVEN_UP)
    )
    assert opened - closed - given_up == records.days["tobs"][-1]
