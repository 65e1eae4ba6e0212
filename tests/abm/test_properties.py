"""What holds in every run, whatever the levers and parameters, and what does nothing when its effect is zero."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, scenario, times, used, with_rates
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.calendar import day_of
from abm.kinds import AVERTED_BY_ARMY, BAND_ON_PATROL, NO_WARNING
from abm.parameters import Parameters
from abm.recruitment import LARGEST_CHANGE
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.strategy import MOST_IN_ALL
from abm.tables import (
    AGREEMENT_MADE,
    CONVOY_SENT,
    FREE,
    NOT_ARRIVED,
    OPEN,
    SERVICES_RETURNED,
    Table,
    World,
)
from abm.un_tobs import tobs_allowed

START = date(2021, 1, 1)
SMALL = scenario().changed(world={"cercles": ("Bandiagara", "Bankass", "Koro", "Mopti")})
DAYS = 40
SHARE = st.floats(0.0, 1.0)
# One example is a run of some weeks and takes a tenth of a second.
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])

LINES = {
    "quick reaction": {"type": "quick_reaction", "units": 2, "heads": 230, "base": "Sévaré", "mobile": True},
    "medics": {"type": "infantry", "units": 1, "heads": 90, "base": "Sévaré", "mobile": True, "medical_team": True},
    "camp-bound": {"type": "infantry", "units": 2, "heads": 150, "base": "Sévaré", "needs_land": False},
    "engineers": {"type": "engineers", "units": 1, "heads": 120, "base": "Sévaré"},
    "police": {"type": "police", "units": 2, "heads": 140, "base": "Sévaré"},
    "aviation": {"type": "aviation", "units": 1, "heads": 100, "base": "Sévaré", "helicopters": 4, "armed": True},
}


@st.composite
def levers(draw: st.DrawFn) -> Scenario:
    """Any package and any use of the force, with civilian work that asks for escorts."""
    soon = st.integers(0, DAYS).map(lambda days: START + timedelta(days=days))
    return SMALL.changed(
        un={
            "hold_ogossagou": draw(st.booleans()),
            "allocation": draw(st.sampled_from(["hotspot", "population", "random", "warning", "spread"])),
            "hospital_opens": draw(st.just("never") | soon),
            "helicopters": draw(st.booleans()),
            "armed_helicopters_from": draw(st.just("never") | soon),
            "escort_share": draw(SHARE),
        },
        package={
            "decision": START,
            "permission": draw(st.just("never") | soon),
            "spare_places": draw(st.integers(0, 800)),
            "units": [LINES[name] for name in draw(st.lists(st.sampled_from(sorted(LINES)), max_size=5))],
        },
        accountability={"starts": START, "investigations_per_month": draw(st.floats(0.0, 60.0)), "cooperation": 0.5},
        strategy={
            "starts": START,
            "dialogue_missions_per_month": draw(st.floats(0.0, 60.0)),
            "disarmament_per_month": draw(st.floats(0.0, 500.0)),
            "services_per_month": draw(st.floats(0.0, 60.0)),
        },
    )


RANGES = {
    "troops_per_tob": (20.0, 400.0), "rotation": (1.0, 3.0), "tob_days": (7.0, 60.0), "tob_setup_days": (0.0, 10.0),
    "resupply_days": (1.0, 20.0), "supply_reserve_days": (0.0, 10.0), "convoy_troops": (5.0, 200.0),
    "convoy_km_per_day": (10.0, 500.0), "patrols_per_company": (0.0, 1.0), "tob_spacing_km": (1.0, 60.0),
    "hurt_half_life": (1.0, 300.0), "wounded_per_death": (0.0, 10.0), "out_of_action_days": (0.0, 20.0),
    "attack_delay_days": (0.0, 10.0), "response_troops": (1.0, 200.0), "p_warning": (0.0, 1.0),
    "p_effective": (0.0, 1.0), "softening": (0.0, 1.0), "delta_un": (0.0, 0.95), "displacement_share": (0.0, 1.0),
    "escorts_per_police_unit": (0.0, 10.0), "troops_per_escort": (5.0, 100.0), "patrol_confidence": (0.0, 1.0),
    "flee_share": (0.0, 1.0), "calm_days": (0.0, 20.0), "return_half_life": (5.0, 100.0),
    "recruit_abuse": (-0.5, 0.5), "recruit_lag_days": (0.0, 20.0), "services_effect": (0.0, 1.0),
    "dialogue_success": (0.0, 1.0), "break_chance": (0.0, 1.0), "rearm_share": (0.0, 1.0),
    "generation_months": (0.0, 1.5), "persistence_days": (0.0, 30.0), "replacement_half_life": (5.0, 300.0),
}  # fmt: skip


@st.composite
def parameters(draw: st.DrawFn, attacks_on_un: bool) -> Parameters:
    """Any parameters of what UN units and Malian programmes do, in a time of many attacks."""
    values = {name: draw(st.floats(low, high)) for name, (low, high) in RANGES.items()}
    values |= {"attack_per_patrol": 0.1, "convoy_attack_rate": 1.0} if attacks_on_un else PEACE
    q = defaults().changed(**values)
    return with_rates(q, candidates=times(q.rates.candidates, 5.0), abuse=times(q.rates.abuse, 5.0))


PEACE = {"attack_per_patrol": 0.0, "convoy_attack_rate": 0.0}  # for the UN alone
SEED = st.integers(0, 2**63 - 1)


def lived(arm: Scenario, q: Parameters, seed: int) -> Iterator[tuple[Simulation, int]]:
    simulation = Simulation(arm, q, seed=seed)
    for day in day_by_day(simulation, DAYS):
        yield simulation, day


def held_by_tasks(units: Table) -> NDArray[np.int64]:
    held: NDArray[np.int64] = units["at_tob"] + units["resting"] + units["convoying"] + units["escorting"]
    return held


# --- troops -------------------------------------------------------------------------------------------------------


@few
@given(levers(), parameters(attacks_on_un=False), SEED)
def test_nobody_is_in_two_places_and_mobile_troops_bound_the_bases(arm: Scenario, q: Parameters, seed: int) -> None:
    held_before = 0
    for simulation, day in lived(arm, q, seed):
        w = simulation.world
        u, today = w.un_units, w.days[day - simulation.first_day]
        there = u["task"] != NOT_ARRIVED
        assert (held_by_tasks(u) <= u["troops"]).all()
        free = (u["troops"] - held_by_tasks(u))[u["patrol_cell"] >= 0]
        assert today.patrol_troops == free.sum()
        assert today.troops == u["troops"][there].sum()
        assert today.mobile_troops == u["troops"][there & (u["mobile"] == 1)].sum()
        busy = w.slots[w.slots["status"] != FREE]
        allowed = tobs_allowed(int(today.mobile_troops), q.troops_per_tob, q.rotation)
        assert busy.size <= max(allowed, int(arm.un.hold_ogossagou))
        assert u["at_tob"].sum() <= busy.size * int(q.troops_per_tob)
        assert (u["mobile"][busy["unit"]] == 1).all()
        held_before = max(held_before, int(u["at_tob"].sum()))
    assert held_before > 0 or not arm.un.hold_ogossagou


@few
@given(levers(), parameters(attacks_on_un=True), SEED)
def test_under_attack_the_hurt_are_troops_and_no_order_asks_for_more_than_are_fit(
    arm: Scenario, q: Parameters, seed: int
) -> None:
    hurt_so_far = 0.0
    for simulation, day in lived(arm, q, seed):
        w = simulation.world
        u, today = w.un_units, w.days[day - simulation.first_day]
        hurt = u["hurt"] * 0.5 ** (np.maximum(0, day - u["hurt_day"]) / q.hurt_half_life)
        assert (hurt >= 0).all()
        assert (hurt <= u["troops"]).all()
        assert today.hurt_troops <= today.troops
        there = u["task"] != NOT_ARRIVED
        # Bases and their relief are posted anew every morning, from those who are fit then.
        unhurt_today = there & (u["hurt_day"] < day)
        fit = u["troops"] - (hurt + 0.5).astype(int)
        room = np.maximum(0, fit - u["convoying"] - u["escorting"])
        assert (u["at_tob"] + u["resting"] <= room)[unhurt_today].all()
        hurt_so_far += float(hurt.sum())
    on_un = used(simulation, "events")
    assert (hurt_so_far > 0.0) == (on_un["deaths"][on_un["actor"] == BAND_ON_PATROL].sum() > 0)


def test_under_attack_too_nobody_is_counted_twice() -> None:
    q = defaults().changed(attack_per_patrol=0.1, convoy_attack_rate=1.0, resupply_days=7.0)
    arm = SMALL.changed(accountability={"starts": START, "investigations_per_month": 60.0})
    simulation = Simulation(arm, q, seed=2)
    for day in day_by_day(simulation, 200):
        u = simulation.world.un_units
        hurt = u["hurt"] * 0.5 ** (np.maximum(0, day - u["hurt_day"]) / q.hurt_half_life)
        assert (held_by_tasks(u) + (hurt + 0.5).astype(int) <= u["troops"]).all()


@few
@given(levers(), parameters(attacks_on_un=True), SEED)
def test_who_has_not_come_or_is_out_of_action_does_nothing(arm: Scenario, q: Parameters, seed: int) -> None:
    simulation = Simulation(arm, q, seed=seed)
    u = simulation.world.un_units
    before, rows, events = u.copy(), 0, 0
    for day in day_by_day(simulation, DAYS):
        w = simulation.world
        absent = u["task"] == NOT_ARRIVED
        assert not held_by_tasks(u)[absent].any()
        assert (u["patrol_cell"][absent] == -1).all()
        out = before["out_until"] > day
        assert (u["patrol_cell"][out] == -1).all()
        assert (u["escorting"] <= before["escorting"])[out].all()
        operations = used(simulation, "operations")
        sent = operations[rows:][operations["what"][rows:] == CONVOY_SENT]
        assert not (absent | out)[sent["unit"]].any()
        leads = w.slots["unit"][w.slots["status"] != FREE]
        assert not (out & (u["slot"] >= 0) & (before["slot"] == -1)).any()
        log = used(simulation, "events")
        warned = log[events:][~np.isin(log["answer"][events:], (NO_WARNING, AVERTED_BY_ARMY))]
        came = warned["responder"][warned["responder"] >= 0]
        # A base answers whatever became of a patrol of the company that leads it.
        assert not absent[came].any()
        assert np.isin(came[u["out_until"][came] > day], leads).all()
        attacked = log[events:][log["actor"][events:] == BAND_ON_PATROL]
        assert not absent[attacked["target"]].any()
        before, rows, events = u.copy(), operations.size, log.size


@few
@given(levers(), parameters(attacks_on_un=False), SEED)
def test_the_camp_holds_no_more_people_than_it_has_room_for(arm: Scenario, q: Parameters, seed: int) -> None:
    lines = [line for line in arm.package.units for _ in range(line.units)]
    permitted = day_of(arm.package.permission) if isinstance(arm.package.permission, date) else 1 << 40
    for simulation, day in lived(arm, q, seed):
        u = simulation.world.un_units
        rows = np.flatnonzero(u["extra"] == 1)[[line.needs_land for line in lines]] if lines else []
        there = u["troops"][rows][u["task"][rows] != NOT_ARRIVED].sum()
        assert day >= permitted or there <= arm.package.spare_places


# --- presence -----------------------------------------------------------------------------------------------------


def around(w: World, cell: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Cells around a cell that the kernel of presence covers, and which of its offsets lie inside."""
    columns, rows = w.cells["column"][cell] + w.stamp_offset[:, 0], w.cells["row"][cell] + w.stamp_offset[:, 1]
    inside = (columns >= 0) & (rows >= 0) & (columns < w.lookup.shape[0]) & (rows < w.lookup.shape[1])
    near = np.full(columns.size, -1)
    near[inside] = w.lookup[columns[inside], rows[inside]]
    return near[near >= 0], near >= 0


@few
@given(levers(), parameters(attacks_on_un=True), SEED)
def test_presence_is_only_where_units_are_or_have_been(arm: Scenario, q: Parameters, seed: int) -> None:
    simulation = Simulation(arm, q, seed=seed)
    w = simulation.world
    patrolled, left = np.zeros(w.cells.size, bool), np.zeros(w.cells.size, bool)
    before = w.slots.copy()
    for _ in day_by_day(simulation, DAYS):
        expected = np.zeros(w.cells.size, np.int64)
        for cell in w.slots["cell"][w.slots["status"] == OPEN]:
            near, inside = around(w, int(cell))
            expected[near] += w.stamps[0][inside]
        assert np.array_equal(w.cells["un_held"], expected)  # to the bit: what was added is taken back
        for cell in w.un_units["patrol_cell"][w.un_units["patrol_cell"] >= 0]:
            patrolled[around(w, int(cell))[0]] = True
        closed = (before["status"] == OPEN) & ((w.slots["status"] != OPEN) | (w.slots["opens"] != before["opens"]))
        for cell in before["cell"][closed]:
            left[around(w, int(cell))[0]] = True
        assert not w.cells["un_patrol"][~patrolled].any()
        assert not w.cells["un_after"][~left].any()
        assert (w.cells["un_patrol"] >= 0).all()
        assert (w.cells["un_after"] >= 0).all()
        before = w.slots.copy()


# --- people and fighters ------------------------------------------------------------------------------------------


@few
@given(levers(), parameters(attacks_on_un=True), SEED)
def test_people_and_fighters_are_bounded(arm: Scenario, q: Parameters, seed: int) -> None:
    for simulation, day in lived(arm, q, seed):
        w = simulation.world
        v, m = w.villages, w.militias
        assert (v["displaced"] >= 0).all()
        assert (v["displaced"] <= v["population"]).all()
        assert w.days[day - simulation.first_day].displaced <= v["population"].sum()
        r = w.cercles
        served = np.bincount(v["cercle"], weights=v["population"] * v["served"], minlength=r.size)
        assert np.array_equal(r["served_people"], served)
        assert (m["strength"] >= 1.0).all()
        assert (m["disarmed"] >= 0.0).all()
        assert (m["disarmed"] <= MOST_IN_ALL * m["strength_start"] * (1 + 1e-12)).all()
        assert not m["disarmed"][m["jihadist"] == 1].any()
        # Abuses bring jihadists three times their number at most; others have who they had, armed or not.
        most = m["strength_start"] * np.where((m["jihadist"] == 1) | (m["aligned"] == 1), LARGEST_CHANGE, 1.0)
        fewest_left = 1.0 + MOST_IN_ALL * m["strength_start"]
        assert (m["strength"] + m["disarmed"] <= np.maximum(most, fewest_left) * (1 + 1e-12)).all()
        a = w.national_forces
        assert ((a["strength"] >= 1.0) & (a["strength"] <= a["strength_start"] * (1 + 1e-12))).all()


# --- no effect ----------------------------------------------------------------------------------------------------


def civilian_log(arm: Scenario, q: Parameters, seed: int) -> tuple[list[tuple[Any, ...]], Simulation]:
    """Every event but attacks on the UN, without what was noted of answers; parents by day and band."""
    simulation = Simulation(arm, q, seed=seed)
    simulation.advance(300)
    log = used(simulation, "events")
    names = [n for n in log.dtype.names if n not in ("parent", "answer", "responder", "response_hours")]
    parents = [tuple(log[["day", "perpetrator"]][p]) if p >= 0 else None for p in log["parent"]]
    ours = log["actor"] == BAND_ON_PATROL
    rows = [
        (*row, parent)
        for row, parent, un in zip(log[names].tolist(), parents, ours, strict=True)
        if not un
    ]  # fmt: skip
    return rows, simulation


def eventful(**changes: Any) -> Parameters:
    q = defaults().changed(**{"generation_months": 0.0, "attack_per_patrol": 0.02, **changes})
    return with_rates(q, candidates=times(q.rates.candidates, 2.0))


def test_agreements_without_effect_change_nothing_to_the_bit() -> None:
    # Police alone go along, so that missions take no troops from patrols.
    q = eventful(agreement_effect=0.0, dialogue_success=0.9, escorts_per_police_unit=60.0)
    talks = {"starts": START, "dialogue_missions_per_month": 30.0}
    free, _ = civilian_log(SMALL, q, 1)
    bound, simulation = civilian_log(SMALL.changed(strategy=talks), q, 1)
    assert (used(simulation, "operations")["what"] == AGREEMENT_MADE).sum() > 3
    assert bound == free
    assert civilian_log(SMALL.changed(strategy=talks), q.model_copy(update={"agreement_effect": 0.9}), 1)[0] != free


@pytest.mark.parametrize("recruit_abuse", [0.0, 0.1])
def test_services_without_effect_change_nothing_to_the_bit(recruit_abuse: float) -> None:
    q = eventful(services_effect=0.0, recruit_abuse=recruit_abuse, replacement_half_life=20.0)
    returns = SMALL.changed(strategy={"starts": START, "services_per_month": 60.0})
    free, _ = civilian_log(SMALL, q, 1)
    served, simulation = civilian_log(returns, q, 1)
    assert (used(simulation, "operations")["what"] == SERVICES_RETURNED).sum() > 100
    assert served == free
    assert civilian_log(returns, q.model_copy(update={"services_effect": 1.0}), 1)[0] != free


def test_where_nobody_flees_return_changes_nothing_to_the_bit() -> None:
    soon, late = ({"calm_days": calm, "return_half_life": half} for calm, half in ((0.0, 5.0), (300.0, 3000.0)))
    nobody, simulation = civilian_log(SMALL, eventful(flee_share=0.0, **soon), 1)
    assert not simulation.records().days["displaced"].any()
    assert civilian_log(SMALL, eventful(flee_share=0.0, **late), 1)[0] == nobody
    assert civilian_log(SMALL, eventful(flee_share=1.0, **late), 1)[0] != nobody


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_more_bases_without_effect_change_nothing_for_civilians_to_the_bit(share: float) -> None:
    package = {"decision": START, "permission": START, "units": [LINES["quick reaction"], LINES["medics"]]}
    none = {"delta_un": 0.0, "softening": 0.0, "displacement_share": share, "p_warning": 0.6}
    few_bases, before = civilian_log(SMALL, eventful(**none), 1)
    more_bases, after = civilian_log(SMALL.changed(package=package), eventful(**none), 1)
    assert after.records().days["tobs"].sum() > 1.3 * before.records().days["tobs"].sum()
    assert more_bases == few_bases
    for effect in ({"delta_un": 0.6}, {"softening": 0.9}):
        arms = [
            civilian_log(arm, eventful(**{**none, **effect}), 1)[0] for arm in (SMALL, SMALL.changed(package=package))
        ]
        assert arms[0] != arms[1]
