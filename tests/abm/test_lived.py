"""Days of which it is known what happened: told events happen, with all their consequences, and nothing else does."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from engine import (
    USUAL,
    Row,
    defaults,
    history,
    in_threads,
    inert,
    known_abuse,
    known_attack,
    known_attack_on_un,
    known_operation,
    scenario,
    used,
)
from plain_mesa.known_days import QUIET_DAY, eventful_history

import abm.world
from abm.calendar import day_of
from abm.geography import CERCLES
from abm.kinds import (
    BAND,
    BAND_ON_PATROL,
    DOGON,
    FULANI,
    KATIBA_MACINA,
    LIABLE_ARMY,
    LIABLE_MILITIA,
    NATIONAL_FORCES,
    NO_WARNING,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
    REALISED,
)
from abm.lived import NOWHERE, LivedHistory, usual_course
from abm.parameters import Parameters
from abm.presence import decayed
from abm.recruitment import recruits_of
from abm.scenario import Scenario
from abm.simulation import Simulation, simulate
from abm.tables import DAYS, LIVED, OPEN, PATROL_ATTACKED, TOB_ATTACKED, World

# Much happens here: three zones, all factions, both main bases of the UN, TOBs on the first day.
SMALL = scenario("extra-tobs").changed(world={"cercles": ("Mopti", "Bandiagara", "Bankass", "Douentza")})
FIRST, KNOWN = day_of(SMALL.start), 60  # days told
TOLD = tuple(name for name in LIVED.names if name not in ("cell", "village"))


def restless() -> Parameters:
    """Everybody attacks whenever nobody says that it is known what happened."""
    return defaults().changed(attack_per_patrol=0.1, convoy_attack_rate=1.0, army_operation_rate=0.3, n_same=0.5)


def run_of(told: LivedHistory | None, q: Parameters | None = None, seed: int = 3, arm: Scenario = SMALL) -> Simulation:
    return Simulation(arm, restless() if q is None else q, seed=seed, history=told)


def eventful() -> LivedHistory:
    return eventful_history(run_of(None).world, FIRST, KNOWN, months=3)


# --- what can be told -----------------------------------------------------------------------------------------------


def told_rows(*days: int) -> LivedHistory:
    table = np.zeros(len(days), LIVED)
    table["day"] = days
    return LivedHistory(FIRST + 10, table, USUAL)


def test_days_may_be_empty_full_or_before_the_run() -> None:
    assert told_rows().events.size == 0
    assert told_rows(FIRST - 9, FIRST, FIRST, FIRST + 9).events.size == 4


@pytest.mark.parametrize("days", [(FIRST + 1, FIRST), (FIRST, FIRST + 5, FIRST + 4), (FIRST + 10,), (0, FIRST + 11)])
def test_days_out_of_order_or_too_late_are_refused(days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"ordered by day, all before day {FIRST + 10}"):
        told_rows(*days)


def test_rows_of_another_table_are_refused() -> None:
    with pytest.raises(ValueError, match="expected rows of LIVED"):
        LivedHistory(FIRST, np.zeros(1, DAYS), USUAL)


@pytest.mark.parametrize("shape", [(), (15,), (0, 15), (3, 14), (15, 3), (1, 1, 15)])
def test_a_course_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"course: expected the shape \(months, {len(CERCLES)}\)"):
        history(course=np.ones(shape))


@pytest.mark.parametrize("value", [-0.01, math.nan, math.inf, -math.inf])
def test_a_course_that_is_no_multiple_is_refused(value: float) -> None:
    course = np.ones((4, len(CERCLES)))
    course[2, 7] = value
    with pytest.raises(ValueError, match="finite multiples of 0 or more"):
        history(course=course)


# --- what happens ---------------------------------------------------------------------------------------------------


def test_on_known_days_that_happens_which_is_told_and_nothing_else() -> None:
    told = eventful()
    simulation = run_of(told)
    simulation.advance(KNOWN)
    events, known = used(simulation, "events"), told.events[told.events["day"] >= FIRST]
    assert known.size < told.events.size
    assert events.size == known.size > 500
    for name in TOLD:
        assert np.array_equal(events[name], known[name]), name
    # Each at its village, or else at its cell.
    world, at_village = simulation.world, known["village"] != NOWHERE
    assert np.array_equal(events["village"], known["village"])
    for name in ("cell", "cercle", "zone", "community", "x", "y"):
        there = world.villages[name][known["village"][at_village]]
        assert np.array_equal(events[name][at_village], there), name
    for name in ("cercle", "zone", "x", "y"):
        there = world.cells[name][known["cell"][~at_village]]
        assert np.array_equal(events[name][~at_village], there), name
    assert np.array_equal(events["cell"][~at_village], known["cell"][~at_village])
    assert (events["community"][~at_village] == -1).all()
    # As it happened: nobody prevented, answered or continued it.
    assert np.array_equal(events["mean_deaths"], events["deaths"].astype(float))
    for name, value in (("outcome", REALISED), ("parent", -1), ("generation", 0), ("elsewhere_from", -1)):
        assert (events[name] == value).all(), name
    assert (events["answer"] == NO_WARNING).all()
    assert (events["stands"] == 1.0).all()


def test_on_known_days_forces_are_out_and_nobody_else_attacks_them() -> None:
    simulation = run_of(eventful())
    simulation.advance(KNOWN)
    days, operations = used(simulation, "days"), used(simulation, "operations")
    for total in ("candidates", "prevented", "warnings", "attacks_on_un"):
        assert (days[total] == 0).all(), total
    for total in ("un_patrols", "army_patrols", "army_operations", "tob_troops", "convoys"):
        assert days[total].sum() > 0, total
    assert not np.isin(operations["what"], (PATROL_ATTACKED, TOB_ATTACKED)).any()
    assert (simulation.world.slots["status"] == OPEN).any()
    assert (days["day"] % 7 == QUIET_DAY).any()


def test_after_the_known_days_a_run_makes_its_own() -> None:
    simulation = run_of(eventful())
    simulation.advance(KNOWN)
    told = used(simulation, "events").size
    simulation.advance(KNOWN)
    days, own = used(simulation, "days")[KNOWN:], used(simulation, "events")[told:]
    for total in ("candidates", "prevented", "attacks_on_un"):
        assert days[total].sum() > 0, total
    assert own["day"].min() == FIRST + KNOWN
    assert set(own["actor"].tolist()) == {BAND, NATIONAL_FORCES, BAND_ON_PATROL}
    # Raid series go on from what was told, and end: it fades like any other attack.
    continued = own[(own["parent"] >= 0) & (own["parent"] < told)]
    assert continued.size > 5
    assert (continued["generation"] == 1).all()
    assert continued["day"].max() < FIRST + KNOWN + 12 * restless().raid_half_life + 1


# --- what it leaves behind ------------------------------------------------------------------------------------------

SETTLED = inert(flee_share=0.4, recruit_lag_days=3.0, recruit_abuse=0.1, n_same=0.5, lying_low_days=9.0)
DEAD = 10


def after(*rows: Row, days: int = 1, q: Parameters = SETTLED) -> World:
    """The world some days after the first, of which nothing but these rows is known to have happened."""
    simulation = run_of(history(FIRST + days, rows), q)
    simulation.advance(days)
    return simulation.world


@pytest.fixture(scope="module")
def quiet() -> World:
    return after()


def band_of(world: World, faction: int) -> int:
    return int(np.flatnonzero((world.militias["faction"] == faction) & (world.militias["strength"] > 15.0))[0])


def village_of(world: World, band: int, community: int) -> int:
    """A village of a community in reach of a band, at home."""
    m = world.militias[band]
    near = world.reach_village[m.first_reach : m.first_reach + m.n_reach]
    v = world.villages[near]
    return int(near[(v["community"] == community) & (v["cercle"] == m.cercle) & (v["population"] > 100)][0])


def changed(before: np.ndarray, now: np.ndarray, *names: str) -> set[int]:
    """Rows in which one of these fields is another."""
    return {int(row) for name in names for row in np.flatnonzero(before[name] != now[name])}


def test_a_known_attack_on_a_village_is_remembered_fled_resented_and_continued(quiet: World) -> None:
    band = band_of(quiet, DOGON)
    fulani = int(quiet.militias["community"][band_of(quiet, FULANI)])
    village = village_of(quiet, band, fulani)
    world = after(known_attack(quiet, FIRST, band, ON_VILLAGE, village, deaths=DEAD))
    v, v0 = world.villages, quiet.villages
    assert changed(v0, v, "hits", "last_attack", "displaced", "displaced_day") == {village}
    assert v["hits"][village] == v0["hits"][village] + 1
    assert v["last_attack"][village] == v["displaced_day"][village] == FIRST
    assert v["displaced"][village] == int(0.4 * v["population"][village])
    assert changed(quiet.cells, world.cells, "heat", "heat_day") == {int(v["cell"][village])}
    # Its community holds it against the others; they remember the abuse, and it makes a case.
    (pair,) = changed(quiet.pairs, world.pairs, "first_grievance", "second_grievance")
    assert world.pairs["cercle"][pair] == v["cercle"][village]
    assert world.pairs["second"][pair] == fulani
    assert world.pairs["second_grievance"][pair] == pytest.approx(quiet.pairs["second_grievance"][pair] + 1.0)
    assert world.pairs["first_grievance"][pair] == quiet.pairs["first_grievance"][pair]
    assert world.risk["abuses"][LIABLE_MILITIA] == pytest.approx(quiet.risk["abuses"][LIABLE_MILITIA] + 1.0)
    assert world.state[0].n_cases == 1
    case = world.cases[0]
    assert (case.day, case.liable, case.perpetrator, case.village) == (FIRST, LIABLE_MILITIA, band, village)
    # Bands of its faction are the likelier to attack: half an attack in all, by the nearest most.
    excitation = world.militias["excitation"]
    same = world.militias["faction"] == DOGON
    ratio = 2.0 ** (-1.0 / SETTLED.raid_half_life)
    assert excitation.sum() * ratio / (1.0 - ratio) == pytest.approx(0.5)
    assert excitation[~same].sum() == 0.0
    assert excitation[band] > np.median(excitation[same])


def test_a_known_clash_costs_both_sides(quiet: World) -> None:
    band, other = band_of(quiet, DOGON), band_of(quiet, FULANI)
    village = village_of(quiet, band, int(quiet.militias["community"][other]))
    world = after(known_attack(quiet, FIRST, band, ON_MILITIA, village, target=other, deaths=DEAD))
    assert changed(quiet.militias, world.militias, "strength") == {band, other}
    for row, share in ((band, 1.0 - SETTLED.loss_share), (other, SETTLED.loss_share)):
        lost = quiet.militias["strength"][row] - world.militias["strength"][row]
        assert lost == pytest.approx(share * DEAD)
    assert world.villages["hits"][village] == quiet.villages["hits"][village] + 1
    assert world.villages["displaced"].sum() == 0
    assert world.state[0].n_cases == 0
    assert world.pairs["second_grievance"].sum() == pytest.approx(quiet.pairs["second_grievance"].sum() + 1.0)


def test_a_known_clash_with_nobody_known_costs_the_attacker(quiet: World) -> None:
    band = band_of(quiet, DOGON)
    village = village_of(quiet, band, int(quiet.militias["community"][band]))
    world = after(known_attack(quiet, FIRST, band, ON_JIHADISTS, village, deaths=DEAD))
    assert changed(quiet.militias, world.militias, "strength") == {band}


def test_a_known_ambush_costs_the_unit_and_the_band(quiet: World) -> None:
    band, unit = band_of(quiet, KATIBA_MACINA), 2
    world = after(known_attack(quiet, FIRST, band, ON_ARMY, unit, deaths=DEAD))
    assert changed(quiet.militias, world.militias, "strength") == {band}
    assert changed(quiet.national_forces, world.national_forces, "strength") == {unit}
    forces = world.national_forces
    assert forces["strength_start"][unit] - forces["strength"][unit] == pytest.approx(SETTLED.loss_share * DEAD)
    assert changed(quiet.cells, world.cells, "heat") == {int(forces["home"][unit])}
    assert np.array_equal(world.villages["hits"], quiet.villages["hits"])
    assert world.militias["excitation"].sum() > 0.0


def test_a_known_operation_costs_the_band_more_and_it_lies_low(quiet: World) -> None:
    band, unit = band_of(quiet, KATIBA_MACINA), 2
    world = after(known_operation(quiet, FIRST, unit, band, deaths=DEAD))
    assert changed(quiet.militias, world.militias, "strength", "hidden_until") == {band}
    m, m0, forces = world.militias, quiet.militias, world.national_forces
    assert m0["strength"][band] - m["strength"][band] == pytest.approx(SETTLED.loss_share * DEAD)
    assert m["hidden_until"][band] == FIRST + 1 + 9
    lost = forces["strength_start"][unit] - forces["strength"][unit]
    assert lost == pytest.approx((1.0 - SETTLED.loss_share) * DEAD)
    assert world.militias["excitation"].sum() == 0.0


def test_a_known_abuse_makes_a_case_and_brings_recruits() -> None:
    quiet = after(days=10)
    village = int(np.argmax(quiet.villages["population"]))
    world = after(known_abuse(quiet, FIRST + 1, 4, village, deaths=DEAD), days=10)
    assert changed(quiet.villages, world.villages, "displaced") == {village}
    (case,) = world.cases[: world.state[0].n_cases]
    assert (case.day, case.liable, case.perpetrator, case.village) == (FIRST + 1, LIABLE_ARMY, 4, village)
    faded = 2.0 ** (-8.0 / SETTLED.risk_half_life)
    risk, before = (w.risk[LIABLE_ARMY] for w in (world, quiet))
    remembered = [decayed(r.abuses, r.abuses_day, FIRST + 9, SETTLED.risk_half_life) for r in (risk, before)]
    assert remembered[0] - remembered[1] == pytest.approx(faded)
    # After the lag it counts where it happened, for those who recruit on it.
    more = world.cercles["recruits"] / quiet.cercles["recruits"]
    (cercle,) = np.flatnonzero(~np.isclose(more, 1.0, rtol=1e-9))
    assert cercle == world.villages["cercle"][village]
    assert more[cercle] > 1.05
    recruiting = np.array([recruits_of(m.jihadist, m.aligned, 2.0) == 2.0 for m in world.militias])
    grown = recruiting & (world.militias["cercle"] == cercle)
    strengths = world.militias["strength"] / quiet.militias["strength"]
    assert strengths[~grown] == pytest.approx(1.0, abs=5e-4)  # settled on another day
    assert strengths[grown].min() > 1.002
    assert 0 < grown.sum() < recruiting.sum()


def test_a_known_attack_on_the_un_is_in_the_log(quiet: World) -> None:
    row = known_attack_on_un(quiet, FIRST, band_of(quiet, KATIBA_MACINA), 1, deaths=2)
    world = after(row)
    (event,) = world.events[: world.state[0].n_events]
    assert (event.actor, event.target, event.deaths, event.village) == (BAND_ON_PATROL, 1, 2, NOWHERE)
    assert event.cell == world.un_units["home"][1]


def test_events_of_one_day_act_one_after_the_other(quiet: World) -> None:
    band = band_of(quiet, DOGON)
    village = village_of(quiet, band, int(quiet.militias["community"][band_of(quiet, FULANI)]))
    row = known_attack(quiet, FIRST, band, ON_VILLAGE, village, deaths=DEAD)
    once, thrice = after(row), after(row, row, row)
    assert thrice.villages["hits"][village] == quiet.villages["hits"][village] + 3
    assert thrice.militias["excitation"].sum() == pytest.approx(3.0 * once.militias["excitation"].sum())
    people = int(quiet.villages["population"][village])
    for _ in range(3):
        people -= int(0.4 * people)
    assert thrice.villages["displaced"][village] == quiet.villages["population"][village] - people


# --- runs that are told something are runs like others --------------------------------------------------------------


def fingerprint(simulation: Simulation, days: int) -> str:
    simulation.advance(days)
    return simulation.records().fingerprint()


def test_to_be_told_nothing_is_the_same_bits_as_no_history() -> None:
    plain = run_of(None)
    expected = fingerprint(plain, 150)
    nothing = [usual_course(), history(FIRST), history(FIRST - 100), history(course=np.ones((7, len(CERCLES))))]
    for told in nothing:
        simulation = run_of(told)
        assert fingerprint(simulation, 150) == expected
        for name, table in simulation.checkpoint().tables.items():
            if name != "state":  # which says until when something was told
                assert table.tobytes() == plain.checkpoint().tables[name].tobytes(), name


def test_a_run_restored_in_the_middle_of_known_days_goes_on_as_if_nothing_had_been() -> None:
    told = eventful()
    whole = fingerprint(run_of(told), 2 * KNOWN)
    simulation = run_of(told)
    simulation.advance(KNOWN // 3)
    state = simulation.checkpoint()
    assert 0 < state.tables["state"]["lived_row"][0] < told.events.size
    assert fingerprint(simulation, 2 * KNOWN - KNOWN // 3) == whole
    simulation.restore(state)  # back
    assert fingerprint(simulation, 2 * KNOWN - KNOWN // 3) == whole
    other = run_of(told)  # and into another process's run
    other.restore(state)
    assert fingerprint(other, 2 * KNOWN - KNOWN // 3) == whole
    assert simulate(SMALL, restless(), seed=3, days=2 * KNOWN, history=told).fingerprint() == whole


def test_known_days_in_pieces_and_in_logs_that_grow_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = eventful()
    whole = fingerprint(run_of(told), 2 * KNOWN)
    monkeypatch.setattr(abm.world, "FIRST_ROWS", {"events": 3, "operations": 2, "cases": 1})
    simulation = run_of(told)
    first = simulation.world.events.size, simulation.world.cases.size
    for days in (1, 6, 0, KNOWN - 8, 3, KNOWN - 2):
        simulation.advance(days)
    assert simulation.records().fingerprint() == whole
    assert simulation.world.events.size > 100 * first[0]
    assert simulation.world.cases.size > 100 * first[1]


def test_runs_share_what_they_are_told_and_leave_it_alone() -> None:
    told = eventful()
    copy = replace(told, events=told.events.copy(), course=told.course.copy())
    together = in_threads(lambda seed: fingerprint(run_of(told, seed=seed), 2 * KNOWN), range(4))
    assert together == [fingerprint(run_of(copy, seed=seed), 2 * KNOWN) for seed in range(4)]
    assert len(set(together)) == 4
    assert told.events.tobytes() == copy.events.tobytes()
    assert told.course.tobytes() == copy.course.tobytes()


def test_days_before_the_run_are_passed_over() -> None:
    world = run_of(None).world
    row = known_attack(world, FIRST - 1, band_of(world, DOGON), ON_VILLAGE, 0, deaths=DEAD)
    simulation = run_of(history(FIRST + 2, [row, {**row, "day": FIRST + 1}]))
    simulation.advance(2)
    assert used(simulation, "events")["day"].tolist() == [FIRST + 1]
    assert simulation.world.state[0].lived_row == 2
