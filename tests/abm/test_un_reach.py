"""How far UN units go: medical reach, helicopters that fly some weeks, engineers who clear the way."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, day_by_day, defaults, runs, scenario, silent, used
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.calendar import day_of
from abm.parameters import Parameters
from abm.randomness import UN_AIR, uniform
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import FREE, NOT_ARRIVED, PATROL_ATTACKED, UN_BASE, UNITS_ARRIVED, Table, World
from abm.un_reach import attack_factor, clearance, confidence, medical_reach

START = date(2021, 1, 1)
FLAG = st.integers(0, 1)
SHARE = st.floats(0.0, 1.0)
KM = st.floats(0.0, 400.0)
TROOPS = st.floats(0.0, 5000.0)
WEEK = 7
SMALL = scenario().changed(world={"cercles": ("Bandiagara", "Bankass", "Djenne", "Koro", "Mopti")})

# --- rules --------------------------------------------------------------------------------------------------------


@given(FLAG, FLAG, FLAG, KM, KM, SHARE, KM)
def test_hospital_helicopters_and_medical_teams_never_shorten_the_reach(
    air: int, hospital: int, team: int, ground: float, further: float, clinic: float, team_km: float
) -> None:
    def reach(a: int, h: int, t: int) -> float:
        return medical_reach(a, h, t, ground, ground + further, clinic, team_km)

    base = ground + further if air else ground
    assert reach(air, hospital, team) == base * (1.0 if hospital else clinic) + (team_km if team else 0.0)
    for more in (reach(1, hospital, team), reach(air, 1, team), reach(air, hospital, 1)):
        assert more >= reach(air, hospital, team)


@given(FLAG, FLAG, FLAG, KM)
def test_what_adds_no_km_leaves_the_reach_as_it_is(air: int, hospital: int, team: int, ground: float) -> None:
    assert medical_reach(air, hospital, team, ground, ground, 1.0, 0.0) == ground


@given(TROOPS, st.floats(0.5, 50.0), TROOPS, TROOPS)
def test_engineers_clear_the_way_of_a_share_of_the_troops(
    engineers: float, each: float, troops: float, more: float
) -> None:
    clear = clearance(engineers, each, troops)
    assert 0.0 <= clear <= 1.0
    assert clearance(engineers + more, each, troops) >= clear
    assert clearance(engineers, each, troops + more) <= clear
    assert clearance(engineers, each, 0.0) == 1.0  # nobody waits for them
    assert clearance(0.0, each, troops + 1.0) == 0.0


@given(SHARE, SHARE, SHARE)
def test_patrols_go_out_with_more_confidence_where_the_way_is_clear(clear: float, more: float, without: float) -> None:
    bold = confidence(clear, without)
    assert without * (1 - 1e-15) <= bold <= 1.0 + 1e-15
    assert confidence(max(clear, more), without) >= bold - 1e-15
    assert confidence(clear, 1.0) == 1.0  # engineers change nothing where everybody goes anyway
    assert confidence(0.0, without) == without
    assert confidence(1.0, without) == pytest.approx(1.0, abs=1e-15)


@given(SHARE, SHARE, SHARE, SHARE, FLAG)
def test_engineers_avert_devices_and_helicopters_ambushes(
    ied: float, counter: float, clear: float, cover_effect: float, cover: int
) -> None:
    factor = attack_factor(ied, counter, clear, cover_effect, cover)
    assert -1e-15 <= factor <= 1.0
    devices, ambushes = ied * (1 - counter * clear), (1 - ied) * (1 - cover_effect * cover)
    assert factor == pytest.approx(devices + ambushes, abs=1e-15)
    assert attack_factor(ied, counter, 1.0, cover_effect, cover) <= factor
    assert attack_factor(ied, counter, clear, cover_effect, 1) <= factor


@given(SHARE, SHARE, SHARE, FLAG)
def test_without_effect_attacks_are_as_many_to_the_bit(ied: float, effect: float, clear: float, cover: int) -> None:
    assert attack_factor(ied, 0.0, clear, 0.0, cover) == 1.0
    assert attack_factor(ied, 0.0, clear, effect, 0) == 1.0
    assert attack_factor(ied, effect, 0.0, 0.0, cover) == 1.0


# --- helicopters --------------------------------------------------------------------------------------------------


def test_aviation_units_fly_in_the_weeks_of_their_draw() -> None:
    q = silent(defaults().changed(helicopter_availability=0.6))
    armed_from = date(2021, 6, 1)
    simulation = Simulation(scenario().changed(un={"armed_helicopters_from": armed_from}), q, seed=5)
    w, flights, covered = simulation.world, 0, 0
    first_order = -(-simulation.first_day // WEEK) * WEEK
    for day in day_by_day(simulation, 365):
        for u in w.un_units:
            flies = u.helicopters > 0 and u.task != NOT_ARRIVED and day >= first_order
            # Whoever arrives between two orders flies from the next one on.
            flies = flies and u.arrival <= day // WEEK * WEEK
            flies = flies and uniform(5, UN_AIR, int(u.id), day // WEEK, 0) < 0.6
            assert u.flying == flies
        for number, site in enumerate(w.sites):
            here = w.un_units[(w.un_units["site"] == number) & (w.un_units["flying"] == 1)]
            assert site.air == (here.size > 0)
            assert site.cover == (here["armed"] == 1).any()
            assert not site.cover or day >= day_of(armed_from)
        today = w.days[day - simulation.first_day]
        assert today.flying == w.sites["air"][w.sites["kind"] == UN_BASE].sum()
        flights, covered = flights + int(today.flying), covered + int(w.sites["cover"].sum())
    assert 365 > flights > 365 * 0.5
    assert covered > 50


@pytest.mark.statistical
def test_helicopters_fly_their_share_of_weeks() -> None:
    # Independent weeks of one unit; the armed ones never come.
    weeks, flown = 0, 0
    levers = SMALL.changed(un={"armed_helicopters_from": "never"})
    for records in runs(levers, silent(defaults().changed(helicopter_availability=0.35)), range(6), days=730):
        by_week = records.days["flying"][records.days["day"] % WEEK == 0]
        weeks, flown = weeks + by_week.size, flown + int(by_week.sum())
    assert_close_in_law(flown, 0.35 * weeks, 0.35 * 0.65 * weeks)


@pytest.mark.parametrize(("availability", "lever", "share"), [(0.0, True, 0), (1.0, True, 1), (1.0, False, 0)])
def test_helicopters_always_or_never_fly(availability: float, lever: bool, share: int) -> None:
    levers = SMALL.changed(un={"helicopters": lever})
    q = silent(defaults().changed(helicopter_availability=availability))
    days = runs(levers, q, [1], days=60)[0].days
    assert (days["flying"][WEEK:] == share).all()


# --- nobody goes beyond medical reach -----------------------------------------------------------------------------


def package(levers: Scenario, **line: Any) -> Scenario:
    """Three more mobile companies on the first day, changed as asked."""
    company = {"type": "quick_reaction", "units": 3, "heads": 250, "base": "Sévaré", "mobile": True, **line}
    return levers.changed(package={"decision": START, "permission": START, "units": [company]})


def parameters(**changes: Any) -> Parameters:
    return defaults().changed(
        **{"generation_months": 0.0, "attack_per_patrol": 0.0, "convoy_attack_rate": 0.0, "tob_days": 14.0, **changes}
    )


def from_base(w: World, units: Table, cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distance in km of cells from the main bases of units."""
    base = w.sites[units["site"]]
    distance: NDArray[np.float64] = np.hypot(w.cells["x"][cells] - base["x"], w.cells["y"][cells] - base["y"])
    return distance


def farthest(levers: Scenario, q: Parameters, days: int = 300) -> tuple[float, float]:
    """Farthest patrol and farthest base, km, checked on each day against the reach of that day."""
    simulation = Simulation(levers, q, seed=2)
    w = simulation.world
    patrol = base = 0.0
    for day in day_by_day(simulation, days):
        hospital = levers.un.hospital_opens != "never" and day >= day_of(levers.un.hospital_opens)
        clinic = 1.0 if hospital else q.clinic_factor
        out = w.un_units[w.un_units["patrol_cell"] >= 0]
        by_day = np.where(w.sites["air"][out["site"]] == 1, q.air_medical_km, q.ground_medical_km)
        limit = by_day * clinic + out["medics"] * q.medical_team_km
        gone = from_base(w, out, out["patrol_cell"])
        # Who may go nowhere else stays in the cell of the base.
        assert ((gone <= limit) | (out["patrol_cell"] == out["home"])).all()
        patrol = max(patrol, float(gone.max(initial=0.0)))
        new = w.slots[(w.slots["status"] != FREE) & (w.slots["fixed"] == 0)]
        if day % WEEK == 0 and new.size:
            # Planners count on helicopters that are stationed there, whether or not they fly this week.
            stationed = (w.un_units["helicopters"] > 0) & (w.un_units["task"] != NOT_ARRIVED) & levers.un.helicopters
            lead = w.un_units[new["unit"]]
            has_air = np.isin(lead["site"], w.un_units["site"][stationed])
            limit = (
                np.where(has_air, q.air_medical_km, q.ground_medical_km) * clinic + lead["medics"] * q.medical_team_km
            )
            away = from_base(w, lead, new["cell"])
            assert (away <= limit).all()
            base = max(base, float(away.max()))
    assert base > 0
    return patrol, base


def test_no_patrol_or_base_lies_beyond_medical_reach_and_each_means_extends_it() -> None:
    # Sites drawn at random, so that bases go as far as they may.
    q = parameters(helicopter_availability=1.0)
    far = package(SMALL.changed(un={"allocation": "random", "hold_ogossagou": False, "hospital_opens": START}))
    arms = {
        "hospital and helicopters": far,
        "no helicopters": far.changed(un={"helicopters": False}),
        "no hospital": far.changed(un={"hospital_opens": "never"}),
        "neither": far.changed(un={"hospital_opens": "never", "helicopters": False}),
        "neither, but medics": package(far, medical_team=True).changed(
            un={"hospital_opens": "never", "helicopters": False}
        ),
    }
    reached = {name: farthest(levers, q) for name, levers in arms.items()}
    for which in range(2):
        by_arm = {name: distances[which] for name, distances in reached.items()}
        assert 80 < by_arm["hospital and helicopters"] <= 90
        assert by_arm["no helicopters"] <= 60
        assert 60 < by_arm["no hospital"] <= 72
        assert by_arm["neither"] <= 48
        assert 60 < by_arm["neither, but medics"] <= 108


def test_the_reach_grows_on_the_day_the_hospital_opens() -> None:
    opens = date(2021, 7, 1)
    levers = SMALL.changed(un={"hospital_opens": opens, "helicopters": False, "hold_ogossagou": False})
    q = parameters(ground_medical_km=80.0, clinic_factor=0.5)
    simulation = Simulation(levers, q, seed=2)
    w, before, after = simulation.world, 0.0, 0.0
    for day in day_by_day(simulation, 365):
        out = w.un_units[w.un_units["patrol_cell"] >= 0]
        gone = float(from_base(w, out, out["patrol_cell"]).max(initial=0.0))
        if day < day_of(opens):
            before = max(before, gone)
        else:
            after = max(after, gone)
    assert before <= 40.0 < 50.0 < after <= 80.0


# --- engineers ----------------------------------------------------------------------------------------------------


def engineers(units: int) -> Scenario:
    """The standing force with so many more engineer units of 80 from the first day."""
    line = [{"type": "engineers", "units": units, "heads": 80, "base": "Sévaré"}] if units else []
    return SMALL.changed(package={"decision": START, "permission": START, "units": line})


def signature(levers: Scenario, q: Parameters, seed: int, days: int = 250) -> tuple[bytes, bytes]:
    """All events and operations but arrivals, to the bit."""
    simulation = Simulation(levers, q, seed=seed)
    simulation.advance(days)
    operations = used(simulation, "operations")
    return used(simulation, "events").tobytes(), operations[operations["what"] != UNITS_ARRIVED].tobytes()


def test_engineers_without_effect_change_nothing_to_the_bit() -> None:
    off = {"generation_months": 0.0, "attack_per_patrol": 0.05, "convoy_attack_rate": 0.5}
    neutral = defaults().changed(**off, counter_ied=0.0, patrol_confidence=1.0)
    assert signature(SMALL, neutral, 4) == signature(engineers(3), neutral, 4)
    for effect in ({"counter_ied": 0.8, "patrol_confidence": 1.0}, {"counter_ied": 0.0, "patrol_confidence": 0.4}):
        q = defaults().changed(**off, **effect)
        assert signature(SMALL, q, 4) != signature(engineers(3), q, 4)


def test_helicopters_without_effect_change_nothing_to_the_bit() -> None:
    # No cover, no further than by road, and no warning to answer: nothing is left that they could do.
    q = defaults().changed(
        attack_per_patrol=0.05, convoy_attack_rate=0.5, air_cover=0.0, p_warning=0.0, helicopter_availability=1.0,
        air_medical_km=60.0, ground_medical_km=60.0,
    )  # fmt: skip
    with_armed = SMALL.changed(un={"armed_helicopters_from": START})
    without = with_armed.changed(un={"helicopters": False})

    def events(levers: Scenario, p: Parameters) -> tuple[bytes, bytes]:
        simulation = Simulation(levers, p, seed=4)
        simulation.advance(250)
        log = used(simulation, "events").copy()
        log["response_hours"] = 0.0  # how soon somebody would have come: kept even if nobody warns
        return log.tobytes(), used(simulation, "operations").tobytes()

    assert events(with_armed, q) == events(without, q)
    assert events(with_armed, q.changed(air_cover=0.9)) != events(without, q.changed(air_cover=0.9))
    assert events(with_armed, q.changed(air_medical_km=90.0)) != events(without, q.changed(air_medical_km=90.0))


@pytest.mark.statistical
@pytest.mark.parametrize("units", [0, 1])
def test_as_many_patrols_go_out_as_engineers_and_free_troops_allow(units: int) -> None:
    # 60 + 60 engineers clear the way for 9 * 160 troops, 4 each; with 80 more for five ninths of them.
    q = parameters(patrol_confidence=0.3, troops_per_engineer=4.0, patrols_per_company=0.8)
    bold = 0.3 + 0.7 * (120 + 80 * units) * 4.0 / 1440
    expected = variance = patrols = 0.0
    for seed in range(4):
        simulation = Simulation(engineers(units), q, seed=seed)
        for _ in day_by_day(simulation, 365):
            u = simulation.world.un_units
            u = u[(u["patrols"] == 1) & (u["task"] != NOT_ARRIVED)]
            free = u["troops"] - u["at_tob"] - u["resting"] - u["convoying"] - u["escorting"]
            chance = 0.8 * free / u["troops"] * bold
            expected, variance = expected + chance.sum(), variance + (chance * (1 - chance)).sum()
            patrols += int((u["patrol_cell"] >= 0).sum())
    assert patrols > 3000
    assert_close_in_law(patrols, expected, variance)


@pytest.mark.statistical
@pytest.mark.parametrize(("units", "armed"), [(0, False), (1, False), (0, True), (1, True)])
def test_patrols_are_attacked_less_where_engineers_and_armed_helicopters_go_along(units: int, armed: bool) -> None:
    q = defaults().changed(
        counter_ied=1.0, ied_share=0.6, air_cover=0.5, troops_per_engineer=4.0, attack_per_patrol=0.1,
        helicopter_availability=1.0, wounded_per_death=0.0, generation_months=0.0,
    )  # fmt: skip
    levers = engineers(units).changed(un={"armed_helicopters_from": START if armed else "never"})
    clear = (120 + 80 * units) * 4.0 / 1440
    chance = 0.1 * (0.6 * (1.0 - clear) + 0.4 * (1.0 - 0.5 * armed))
    patrols = attacks = 0
    for records in runs(levers, q, range(4), days=365):
        patrols += int(records.days["un_patrols"][WEEK:].sum())  # helicopters fly from the first weekly order on
        o = records.operations
        attacks += int(((o["what"] == PATROL_ATTACKED) & (o["day"] >= records.first_day + WEEK)).sum())
    assert attacks > 100
    assert_close_in_law(attacks, chance * patrols, chance * (1.0 - chance) * patrols)
