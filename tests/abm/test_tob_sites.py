"""Where temporary operating bases go: limits of the sector and of spacing, and the policies that choose among cells."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import ANYWHERE, day_by_day, defaults, runs, scenario, silent, tob_spans
from numpy.typing import NDArray

from abm.calendar import day_of
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import FREE, PREPARING, UN_BASE, Table, World
from abm.un_tobs import SEGOU_ZONE

START = date(2021, 1, 1)


def fast(**levers: Any) -> Scenario:
    """The package decided, permitted and generated on the first day."""
    return scenario("extra-tobs").changed(**{**levers, "package": {"decision": START, "permission": START}})


def parameters(**changes: Any) -> Parameters:
    return defaults().changed(**{"generation_months": 0.0, **changes})


# --- limits -------------------------------------------------------------------------------------------------------


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
        for opened, _, cell, _ in tob_spans(simulation.records()):
            limited = w.cells["zone"][cell] == SEGOU_ZONE or w.cells["western"][cell] == 1
            outside[opened >= day_of(levers.un.enlarged) + 14] += limited
            assert not limited or opened >= day_of(levers.un.enlarged)
    assert outside[True] > 20


# --- policies -----------------------------------------------------------------------------------------------------


SITES = ((14.06, -3.07), (14.99, -2.95), (13.91, -4.55), (14.35, -3.61))


def test_fixed_sites_are_taken_in_their_order() -> None:
    levers = fast(un={"allocation": "fixed", "tob_sites": SITES, "hold_ogossagou": False})
    simulation = Simulation(levers, parameters(tob_spacing_km=1.0, tob_days=365.0, **ANYWHERE), seed=1)
    w = simulation.world
    simulation.advance(60)
    busy = w.slots[w.slots["status"] != FREE]
    assert busy["cell"].tolist() == w.fixed_sites.tolist()
    assert w.fixed_sites.size == 4


@pytest.mark.parametrize("policy", ["fixed", "hotspot"])
def test_no_two_bases_hold_the_same_place_at_the_least_spacing(policy: str) -> None:
    chosen = {"tob_sites": SITES} if policy == "fixed" else {}
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
    sites = [[c for _, _, c, _ in tob_spans(r)] for r in runs(scenario().changed(un=levers), q, range(3), days=200)]
    assert len({tuple(s) for s in sites}) == 3
    assert all(len(set(s)) > 0.7 * len(s) for s in sites)
    # Slots that both arms have go to the same places at first: the draw belongs to the slot.
    one, other = (Simulation(s, q, seed=1) for s in (scenario().changed(un=levers), fast(un=levers)))
    for simulation in (one, other):
        simulation.advance(10)
    assert one.world.slots["cell"].tolist() == other.world.slots["cell"][:2].tolist()
