"""Supply of temporary operating bases: when convoys go, with whom, how long they take and what becomes of them."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, day_by_day, defaults, scenario, silent, used
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import DRY, FLOOD, RAINS, RAINS_AND_FLOOD
from abm.geography import towns
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import (
    CONVOY_ATTACKED,
    CONVOY_SENT,
    FREE,
    NOT_ARRIVED,
    OPEN,
    PREPARING,
    TOB_CLOSED,
    TOB_GIVEN_UP,
    UN_BASE,
    Table,
    World,
)
from abm.un_convoys import can_supply, convoy_attacks, is_cut_off, is_due, travel_days

START = date(2021, 1, 1)
NEVER = -1
SMALL = scenario("extra-tobs").changed(
    world={"cercles": ("Bandiagara", "Bankass", "Djenne", "Koro", "Mopti")},
    package={"decision": START, "permission": START},
)
KM = st.floats(0.1, 800.0)
SPEED = st.floats(10.0, 500.0)
DAYS = st.floats(1.0, 90.0)


def parameters(**changes: Any) -> Parameters:
    """The package is there from the first day; nobody attacks the UN unless a test asks for it."""
    return defaults().changed(
        **{"generation_months": 0.0, "attack_per_patrol": 0.0, "convoy_attack_rate": 0.0, **changes}
    )


# --- rules --------------------------------------------------------------------------------------------------------


@given(KM, SPEED, DAYS)
def test_a_base_can_be_supplied_if_a_convoy_is_back_before_the_next_one_goes(
    km: float, speed: float, every: float
) -> None:
    can = can_supply(km, speed, every)
    assert can == (2 * km / speed <= every * (1 + 1e-12)) or 2 * km == pytest.approx(speed * every)
    assert can_supply(km / 2, speed, every) >= can
    assert can_supply(km, speed * 2, every) >= can
    assert can_supply(0.0, speed, every) == 1


@given(KM, SPEED)
def test_convoys_take_whole_days_and_at_least_one(km: float, speed: float) -> None:
    days = travel_days(km, speed)
    assert days >= 1
    assert (days - 1) * speed < km * (1 + 1e-12) or days == 1
    assert km <= days * speed * (1 + 1e-12)


@given(st.floats(0.0, 1.0), KM, st.floats(0.0, 4.0), st.floats(0.0, 1.0))
def test_expected_attacks_are_in_proportion_to_everything(rate: float, km: float, danger: float, factor: float) -> None:
    expected = convoy_attacks(rate, km, danger, factor)
    assert expected == pytest.approx(rate * (2 * km / 100) * danger * factor)
    for nothing in (
        convoy_attacks(0.0, km, danger, factor),
        convoy_attacks(rate, km, 0.0, factor),
        convoy_attacks(rate, km, danger, 0.0),
    ):
        assert nothing == 0.0


@given(st.integers(0, 3000), st.integers(0, 300), DAYS, st.integers(1, 20))
def test_a_convoy_leaves_so_as_to_be_there_in_time(since: int, waited: int, every: float, on_the_way: int) -> None:
    due = is_due(since + waited, since, every, on_the_way)
    assert due == (waited + on_the_way >= int(every))
    assert is_due(since + waited, since, every, on_the_way + 1) >= due


@given(st.integers(0, 3000), st.integers(0, 300), DAYS, st.floats(0.0, 90.0))
def test_a_base_is_cut_off_when_supplies_and_reserve_are_used_up(
    since: int, waited: int, every: float, reserve: float
) -> None:
    assert is_cut_off(since + waited, since, every, reserve) == (waited > every + reserve)


# --- supply, with nobody in the way -------------------------------------------------------------------------------


def convoys(simulation: Simulation) -> Table:
    operations = used(simulation, "operations")
    return operations[operations["what"] == CONVOY_SENT]


def test_a_base_is_supplied_every_so_many_days() -> None:
    # Ample troops and no attack: a convoy leaves so early that it is there when supplies are used up.
    q = parameters(resupply_days=10.0, tob_days=60.0, convoy_troops=20.0, convoy_km_per_day=40.0)
    simulation = Simulation(SMALL, q, seed=1)
    w, sent = simulation.world, 0
    gaps = []
    before = w.slots.copy()
    for day in day_by_day(simulation, 250):
        for s, b in zip(w.slots, before, strict=True):
            if s.status != OPEN:
                continue
            if b.status != OPEN:
                assert s.supplied == day  # it comes with supplies
            elif b.convoy_due == day:
                assert s.supplied == day
                gaps.append(day - int(b.supplied))
            else:
                assert s.supplied == b.supplied
            on_the_way = travel_days(float(w.site_km[s.entry, w.calendar[day].season]), 40.0)
            if s.convoy_due != NEVER and (b.status != OPEN or b.convoy_due in (NEVER, day)):
                assert s.convoy_due - day == on_the_way
                assert is_due(day, int(s.supplied), 10.0, on_the_way)
                sent += 1
            assert is_due(day, int(s.supplied), 10.0, on_the_way) <= (s.convoy_due != NEVER)
        before = w.slots.copy()
    assert sent == convoys(simulation).size == simulation.records().days["convoys"].sum()
    # But where the way has become longer since the last one.
    assert min(gaps) == 10
    assert len(gaps) > 40
    assert np.mean(np.array(gaps) == 10) > 0.9


def test_convoys_are_held_there_and_back_and_a_company_sends_one_at_a_time() -> None:
    q = parameters(resupply_days=7.0, convoy_troops=60.0, convoy_km_per_day=30.0)
    simulation = Simulation(SMALL, q, seed=1)
    w = simulation.world
    until = np.zeros(w.un_units.size, np.int64)
    rows = 0
    for day in day_by_day(simulation, 250):
        new = convoys(simulation)[rows:]
        rows += new.size
        assert len(set(new["unit"].tolist())) == new.size
        for o in new:
            u = w.un_units[o.unit]
            assert until[o.unit] <= day  # its last convoy is back
            assert u.patrols == 1
            assert u.task != NOT_ARRIVED
            until[o.unit] = day + 2 * o.amount
            assert u.convoy_until == until[o.unit]
        assert np.array_equal(w.un_units["convoying"], np.where(until > day, 60, 0))
    assert rows > 60


def test_troops_that_hold_no_bases_go_first_then_mobile_ones() -> None:
    # Five camp-bound companies at the only base can send five convoys at a time; with no such company mobile ones go.
    q = parameters(resupply_days=7.0, convoy_troops=100.0, tob_setup_days=1.0)
    simulation = Simulation(SMALL, q, seed=1)
    simulation.advance(200)
    assert convoys(simulation).size > 40
    assert not simulation.world.un_units["mobile"][convoys(simulation)["unit"]].any()
    simulation = Simulation(SMALL, q.changed(troops_per_tob=240.0), seed=1)
    u = simulation.world.un_units
    camp_bound = (u["patrols"] == 1) & (u["mobile"] == 0)
    u["task"][camp_bound], u["arrival"][camp_bound] = NOT_ARRIVED, NEVER
    simulation.advance(200)
    assert convoys(simulation).size > 20
    assert simulation.world.un_units["mobile"][convoys(simulation)["unit"]].all()


def given_up(simulation: Simulation) -> Table:
    operations = used(simulation, "operations")
    return operations[operations["what"] == TOB_GIVEN_UP]


def is_ogossagou(w: World) -> np.ndarray:
    place = towns()["Ogossagou"]
    return np.arange(w.cells.size) == np.argmin(np.hypot(w.cells["x"] - place.x, w.cells["y"] - place.y))


def test_without_troops_to_spare_bases_are_given_up_but_not_ogossagou() -> None:
    # No company has 400 troops: no convoy ever goes. Bases wait for 14 and 7 days.
    q = parameters(convoy_troops=400.0, resupply_days=14.0, supply_reserve_days=7.0, tob_days=90.0)
    simulation = Simulation(SMALL, q, seed=1)
    w = simulation.world
    lost = 0
    before = w.slots.copy()
    for day in day_by_day(simulation, 200):
        gone = (before["status"] == OPEN) & (w.slots["status"] != OPEN)
        assert (day - before["opens"][gone] == 22).all()
        # They may be ordered again on the day, never beforehand.
        assert np.isin(w.slots["status"][gone], (FREE, PREPARING)).all()
        assert w.slots["status"][0] == OPEN
        lost += int(gone.sum())
        before = w.slots.copy()
    assert convoys(simulation).size == 0
    assert lost == given_up(simulation).size > 10
    assert not is_ogossagou(w)[given_up(simulation)["cell"]].any()
    assert not (used(simulation, "operations")["what"] == TOB_CLOSED).any()
    # With troops for convoys nobody is cut off.
    simulation = Simulation(SMALL, q.changed(convoy_troops=60.0), seed=1)
    simulation.advance(200)
    assert given_up(simulation).size == 0


# --- attacks ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def attacked_runs() -> list[tuple[Table, Table, World]]:
    """Convoys and attacks on them of some runs with many of both; engineers go with half of the troops."""
    q = parameters(
        convoy_attack_rate=0.6, resupply_days=7.0, attack_delay_days=3.0, supply_reserve_days=60.0, counter_ied=0.8,
        ied_share=0.5, wounded_per_death=0.0, out_of_action_days=0.0, tob_days=21.0, convoy_troops=30.0,
    )  # fmt: skip
    found = []
    for seed in range(6):
        simulation = Simulation(SMALL.changed(un={"armed_helicopters_from": "never"}), q, seed=seed)
        simulation.advance(300)
        operations = used(simulation, "operations").copy()
        found.append(
            (
                operations[operations["what"] == CONVOY_SENT],
                operations[operations["what"] == CONVOY_ATTACKED],
                simulation.world,
            )
        )
    return found


def chances_of(sent: Table, w: World) -> tuple[np.ndarray, np.ndarray]:
    """Chance of an attack on each convoy, and its days on the way, by the closed form."""
    base = int(np.flatnonzero(w.sites["kind"] == UN_BASE)[0])
    site = w.sites[base]
    entries = slice(site.first_reach, site.first_reach + site.n_reach)
    row = {int(cell): i for i, cell in enumerate(w.site_cell[entries])}
    km = np.array([w.site_km[entries][row[int(o.cell)], w.calendar["season"][o.day]] for o in sent])
    u = w.un_units
    engineers, patrolling = (u["troops"][(u[kind] == 1) & (u["arrival"] <= sent["day"].min())].sum() for kind in
                             ("engineers", "patrols"))  # fmt: skip
    clear = min(1.0, engineers * 6.0 / patrolling)
    rate = 0.6 * 2.0 * km / 100.0 * w.cells["danger"][sent["cell"]] * (0.5 * (1.0 - 0.8 * clear) + 0.5)
    return 1.0 - np.exp(-rate), np.maximum(1, np.ceil(km / 100.0)).astype(int)


@pytest.mark.statistical
def test_convoys_are_attacked_by_the_danger_of_their_way() -> None:
    expected = variance = hits = 0.0
    for sent, attacked, w in attacked_runs():
        chance, _ = chances_of(sent, w)
        expected, variance = expected + chance.sum(), variance + (chance * (1 - chance)).sum()
        hits += attacked.size
    assert hits > 200
    assert_close_in_law(hits, expected, variance)


def test_an_attack_makes_a_convoy_late() -> None:
    late = 0
    for sent, attacked, w in attacked_runs():
        _, days = chances_of(sent, w)
        hit = {(int(o.day), int(o.unit), int(o.cell)) for o in attacked}
        assert len(hit) == attacked.size
        keys = [(int(o.day), int(o.unit), int(o.cell)) for o in sent]
        assert hit <= set(keys)
        delay = np.array([3 if key in hit else 0 for key in keys])
        assert np.array_equal(sent["amount"], days + delay)
        late += int((delay > 0).sum())
    assert late > 200


def test_who_lost_people_sends_no_convoy_for_a_while() -> None:
    q = parameters(convoy_attack_rate=1.0, out_of_action_days=20.0, resupply_days=7.0, convoy_troops=20.0)
    simulation = Simulation(SMALL, q, seed=2)
    simulation.advance(300)
    operations = used(simulation, "operations")
    lost_people = operations[(operations["what"] == CONVOY_ATTACKED) & (operations["amount"] > 0)]
    assert lost_people.size > 20
    checked = 0
    for o in lost_people:
        own = convoys(simulation)["day"][convoys(simulation)["unit"] == o.unit]
        assert not ((own > o.day) & (own <= o.day + 20)).any()
        checked += int((own > o.day + 20).any())
    assert checked > 10


# --- where bases can be supplied ----------------------------------------------------------------------------------


def suppliable(w: World, season: int, q: Parameters) -> np.ndarray:
    """Cells in reach of the main base to which a convoy can go in time."""
    site = w.sites[np.flatnonzero(w.sites["kind"] == UN_BASE)[0]]
    entries = slice(site.first_reach, site.first_reach + site.n_reach)
    km = w.site_km[entries, season]
    can = (km <= q.tob_reach_km) & (2.0 * km <= q.convoy_km_per_day * q.resupply_days)
    cells: np.ndarray = w.site_cell[entries][can]
    return cells


def test_rains_and_flood_leave_fewer_places_that_can_be_supplied() -> None:
    q = parameters(convoy_km_per_day=20.0, resupply_days=14.0)
    w = Simulation(SMALL, q).world
    dry, rains, both, flood = (
        set(suppliable(w, s, q).tolist()) for s in (DRY, RAINS, RAINS_AND_FLOOD, FLOOD)
    )  # fmt: skip
    assert both < rains < dry
    assert both < flood < dry
    assert len(both) < 0.7 * len(dry)


def ordered(levers: Scenario, q: Parameters, days: int) -> tuple[list[tuple[int, int]], World]:
    """Day and cell of every order for a base elsewhere than at Ogossagou."""
    simulation = Simulation(levers, silent(q), seed=3)
    w = simulation.world
    orders = []
    before = w.slots.copy()
    for day in day_by_day(simulation, days):
        new = (w.slots["status"] == PREPARING) & ((before["status"] != PREPARING) | (before["cell"] != w.slots["cell"]))
        orders += [(day, int(cell)) for cell in w.slots["cell"][new & (w.slots["fixed"] == 0)]]
        before = w.slots.copy()
    return orders, w


def test_bases_go_only_where_a_convoy_is_in_time() -> None:
    # Reach by medical evacuation is out of the way; sites are drawn at random, often.
    q = parameters(
        convoy_km_per_day=20.0, resupply_days=10.0, tob_days=7.0, tob_setup_days=0.0, ground_medical_km=400.0,
        air_medical_km=400.0, tob_spacing_km=10.0, tob_reach_km=400.0,
    )  # fmt: skip
    orders, w = ordered(SMALL.changed(un={"allocation": "random"}), q, 365)
    assert len(orders) > 60
    seasons = set()
    for day, cell in orders:
        season = int(w.calendar["season"][day])
        assert cell in suppliable(w, season, q)
        seasons.add(season)
    assert seasons == {DRY, RAINS, RAINS_AND_FLOOD, FLOOD}
    in_rains = suppliable(w, RAINS_AND_FLOOD, q)
    assert any(cell not in in_rains for _, cell in orders)  # in the dry season they go further


def test_where_roads_are_too_bad_there_is_no_base_elsewhere() -> None:
    # There and back in a day at 40 km a day: no further than 20, less than bases keep from a main base.
    assert math.isclose(parameters().tob_spacing_km, 25.0)
    slow = parameters(convoy_km_per_day=40.0, resupply_days=1.0)
    orders, _ = ordered(SMALL, slow, 120)
    assert orders == []
    orders, _ = ordered(SMALL, slow.changed(convoy_km_per_day=400.0), 120)
    assert len(orders) > 3
