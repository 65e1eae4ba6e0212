"""The UN: its rules, what the package adds and when, and patrols."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, day_by_day, defaults, inert, runs, scenario, times, with_rates
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import day_of
from abm.deployment import arrival_days
from abm.geography import ZONES
from abm.kinds import ANSWERS, BAND_ON_PATROL, UN_V_JIHADISTS
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import (
    AT_BASE,
    CONVOY_ATTACKED,
    NOT_ARRIVED,
    ON_PATROL,
    ON_TOB,
    OPEN,
    PATROL_ATTACKED,
    TOB_ATTACKED,
    TOB_OPENED,
    World,
)
from abm.un_patrols import patrol_chance
from abm.un_tobs import SEGOU_ZONE, in_sector, opening_delay, tobs_allowed

START = date(2021, 1, 1)
FIRST = day_of(START)
NEVER = -1

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 5000), st.floats(20.0, 1000.0), st.floats(1.0, 6.0))
def test_bases_need_their_troops_times_the_rotation(mobile: int, per_base: float, rotation: float) -> None:
    bases = tobs_allowed(mobile, per_base, rotation)
    assert bases * per_base * rotation <= mobile * (1 + 1e-12)
    assert mobile < (bases + 1) * per_base * rotation * (1 + 1e-12)


@pytest.mark.parametrize(
    ("km", "speed", "setup", "days"),
    [
        (0.0, 100.0, 0.0, 0),
        (100.0, 100.0, 0.0, 1),
        (101.0, 100.0, 0.0, 2),
        (250.0, 100.0, 3.0, 6),
        (10.0, 100.0, 2.5, 3),
    ],
)
def test_a_base_opens_after_the_convoy_and_its_set_up(km: float, speed: float, setup: float, days: int) -> None:
    assert opening_delay(km, speed, setup) == days


def test_before_it_was_enlarged_the_sector_had_no_segou_and_no_west() -> None:
    assert ZONES[SEGOU_ZONE] == "Segou"
    for zone in range(len(ZONES)):
        assert in_sector(100, 100, zone, 1)
        assert in_sector(99, 100, zone, 0) == (zone != SEGOU_ZONE)
        assert not in_sector(99, 100, zone, 1)


OF_THE_UN = (
    "troops", "extra_troops", "mobile_troops", "tob_troops", "resting_troops", "convoy_troops", "patrol_troops",
    "escort_troops", "hurt_troops", "tobs", "extra_tobs", "un_patrols", "convoys", "attacks_on_un", "un_deaths",
    "flying", "missions",
)  # fmt: skip


def fast(**levers: Any) -> Scenario:
    """The package decided, permitted and generated on the first day."""
    return scenario("extra-tobs").changed(**{**levers, "package": {"decision": START, "permission": START}})


def parameters(**changes: Any) -> Parameters:
    return defaults().changed(**{"generation_months": 0.0, **changes})


# --- the package --------------------------------------------------------------------------------------------------


def test_extra_bases_come_after_the_units_and_mark_clock_zero() -> None:
    decision = date(2021, 3, 1)
    levers = scenario("extra-tobs").changed(package={"decision": decision, "permission": date(2021, 9, 1)})
    q = defaults().changed(generation_months=3.0)
    records = runs(levers, q, [5], days=600)[0]
    (arrival,) = {day for unit, day in arrival_days(levers, q) if unit.mobile}
    assert arrival == day_of(date(2021, 9, 1))
    days = records.days
    first = int(days["day"][days["extra_tobs"] > 0][0])
    assert records.clock_zero == first
    assert arrival < first <= arrival + 7 + 7 + math.ceil(q.tob_reach_km / q.convoy_km_per_day + q.tob_setup_days)
    before = days["day"] < arrival
    assert days["tobs"][before].max() == 2
    assert days["tobs"].max() == 4
    assert days["extra_tobs"].max() == 2
    assert (days["tobs"] - days["extra_tobs"]).max() == 2
    opened = records.operations[records.operations["what"] == TOB_OPENED]
    assert (opened["day"][opened["amount"] == 1] >= first).all()


def test_without_permission_the_package_changes_nothing_for_civilians_before_helicopters_come() -> None:
    # The police at Douentza need no land, and nobody asks for their escort here. From 2023 the helicopters at Douentza,
    # who need none either, let the companies there go further.
    q = parameters(delta_un=0.5, displacement_share=0.3)
    never = scenario("extra-tobs").changed(package={"decision": START, "permission": "never"})
    (without,), (baseline,) = runs(never, q, [6], days=900), runs(scenario(), q, [6], days=900)
    assert without.clock_zero == NEVER
    assert not without.days["extra_tobs"].any()
    before = without.days["day"] < day_of(date(2023, 1, 1))
    assert before.sum() == 730
    assert without.days["extra_troops"][before].max() == 140
    assert without.days["extra_troops"].max() == 300
    with_package, alone = (e[e["day"] < day_of(date(2023, 1, 1))] for e in (without.events, baseline.events))
    assert with_package.tobytes() == alone.tobytes()
    assert np.array_equal(without.days["patrol_troops"][before], baseline.days["patrol_troops"][before])
    assert not np.array_equal(without.days["flying"][~before], baseline.days["flying"][~before])


def test_a_world_without_the_un_has_no_row_of_it() -> None:
    records = runs(scenario("no-un"), defaults(), [2], days=730)[0]
    for column in OF_THE_UN:
        assert not records.days[column].any(), column
    by_un = ("during", "averted by the UN")
    assert set(records.events["answer"].tolist()).isdisjoint(ANSWERS.index(name) for name in by_un)
    assert records.days["warnings"].any()  # somebody warns; only national forces may answer
    assert records.operations.size == 0
    assert UN_V_JIHADISTS not in set(records.events["kind"])
    assert records.clock_zero == NEVER
    # Not even with a package on paper.
    both = scenario("extra-tobs").changed(un={"present": False}, package={"decision": START, "permission": START})
    assert runs(both, parameters(), [2], days=400)[0].operations.size == 0


def test_the_un_only_removes_attacks_that_would_have_been_there_on_its_first_day() -> None:
    # Until paths diverge, common draws make the world with the UN a thinning of the one without.
    q = with_rates(
        defaults().changed(delta_un=0.9, displacement_share=0.0), candidates=times(defaults().rates.candidates, 40.0)
    )
    (with_un,), (without,) = (runs(scenario(name), q, [3], days=1) for name in ("baseline-2021", "no-un"))
    rows = [
        {(int(e.perpetrator), int(e.village)) for e in r.realised if e.actor == 0} for r in (with_un, without)
    ]  # fmt: skip
    assert rows[0] < rows[1]


# --- patrols ------------------------------------------------------------------------------------------------------


@given(st.floats(0.0, 1.0), st.integers(1, 400), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_company_patrols_with_the_troops_that_are_free(rate: float, troops: int, part: float, bold: float) -> None:
    free = int(part * troops)
    assert patrol_chance(rate, free, troops, bold) == pytest.approx(rate * bold * free / troops)
    assert patrol_chance(rate, 0, troops, bold) == 0.0


def clear_by_hand(w: World, q: Parameters, site: int) -> float:
    """Share of the patrolling troops of a main base whose roads its engineers keep clear."""
    here = w.un_units[(w.un_units["site"] == site) & (w.un_units["task"] != NOT_ARRIVED)]
    patrolling = here["troops"][here["patrols"] == 1].sum()
    return min(1.0, here["troops"][here["engineers"] == 1].sum() * q.troops_per_engineer / patrolling)


def harmless(q: Parameters) -> Parameters:
    """Attacks on the UN kill nobody: units keep their strength, so that it can be read at the end of the day."""
    fatal = tuple(0.0 if kind == UN_V_JIHADISTS else share for kind, share in enumerate(q.rates.fatal_share))
    return with_rates(q, fatal_share=fatal)


@pytest.mark.statistical
def test_companies_patrol_and_are_attacked_at_their_rates() -> None:
    # Everybody who has another task stays away from patrols: at bases, resting, with convoys and with investigators.
    q = harmless(inert(patrols_per_company=0.7, attack_per_patrol=0.06, generation_months=0.0))
    levers = fast(
        un={"armed_helicopters_from": START}, accountability={"starts": START, "investigations_per_month": 60.0}
    )
    chances, on_patrols, on_tobs = [], [], 0.0
    patrols = attacked = tobs_attacked = 0
    for seed in range(6):
        simulation = Simulation(levers, q, seed=seed)
        w = simulation.world
        for day in day_by_day(simulation, 365):
            companies = w.un_units[(w.un_units["patrols"] == 1) & (w.un_units["task"] != NOT_ARRIVED)]
            free = companies["troops"] - sum(
                companies[name] for name in ("at_tob", "resting", "convoying", "escorting")
            )
            clear = {int(site): clear_by_hand(w, q, site) for site in set(companies["site"].tolist())}
            clear_of_each = np.array([clear[site] for site in companies["site"].tolist()])
            bold = q.patrol_confidence + (1 - q.patrol_confidence) * clear_of_each
            chances.append(0.7 * free / companies["troops"] * bold)
            out = companies["patrol_cell"] >= 0
            assert not out[free == 0].any()
            by_device = q.ied_share * (1 - q.counter_ied * clear_of_each)
            otherwise = (1 - q.ied_share) * (1 - q.air_cover * w.sites["cover"][companies["site"]])
            on_patrols.append(0.06 * (by_device + otherwise)[out])
            on_tobs += 0.06 * (w.slots["status"] == OPEN).sum()
            patrols += int(out.sum())
            today = w.days[day - FIRST]
            assert (today.un_patrols, today.patrol_troops) == (out.sum(), free[out].sum())
        records = simulation.records()
        assert records.days["escort_troops"].max() > 0
        assert not records.days["hurt_troops"].any()
        attacked += int((records.operations["what"] == PATROL_ATTACKED).sum())
        tobs_attacked += int((records.operations["what"] == TOB_ATTACKED).sum())
        on_un = np.isin(records.operations["what"], (PATROL_ATTACKED, TOB_ATTACKED, CONVOY_ATTACKED)).sum()
        assert on_un == (records.events["actor"] == BAND_ON_PATROL).sum() == records.days["attacks_on_un"].sum()
    p, a = np.concatenate(chances), np.concatenate(on_patrols)
    assert np.unique(p.round(6)).size > 10
    # From Douentza, and from Mopti-Sévaré with and without armed helicopters.
    assert np.unique(a.round(6)).size == 3
    assert_close_in_law(patrols, p.sum(), (p * (1 - p)).sum())
    assert_close_in_law(attacked, a.sum(), (a * (1 - a)).sum())
    assert_close_in_law(tobs_attacked, on_tobs, on_tobs * 0.94)


def test_troops_at_bases_and_their_relief_do_not_patrol() -> None:
    # Two bases of 160 take all four mobile companies, half of them for relief; the companies of the main bases go on.
    q = parameters(troops_per_tob=160.0, rotation=2.0, attack_per_patrol=0.0, convoy_attack_rate=0.0)
    simulation = Simulation(scenario(), q, seed=1)
    w = simulation.world
    mobile, full = w.un_units["mobile"] == 1, 0
    for day in day_by_day(simulation, 200):
        today = w.days[day - FIRST]
        if today.tob_troops == 2 * 160:
            assert today.resting_troops == 2 * 160
            assert not (w.un_units["patrol_cell"][mobile] >= 0).any()
            assert today.un_patrols > 0
            full += 1
        assert (w.un_units["at_tob"] + w.un_units["resting"])[mobile].sum() == today.tob_troops + today.resting_troops
    assert full > 100


def test_patrols_stay_within_reach_and_come_home() -> None:
    # Within their way, and within what medical evacuation allows: further while helicopters fly, and with a hospital.
    q = defaults()
    simulation = Simulation(scenario(), q, seed=1)
    w = simulation.world
    far = by_air = with_hospital = 0
    for day in day_by_day(simulation, 365):
        season, opened = w.calendar[day].season, day >= day_of(scenario().un.hospital_opens)
        for u in w.un_units:
            assert u.patrols == 1 or u.patrol_cell == NEVER
            if u.task == AT_BASE:
                assert u.cell == u.home
            if u.patrol_cell == NEVER:
                assert u.task != ON_PATROL
                continue
            assert u.task in (ON_TOB, ON_PATROL)
            assert u.task == ON_TOB or u.cell == u.patrol_cell
            site = w.sites[u.site]
            entries = slice(site.first_reach, site.first_reach + site.n_reach)
            km = w.site_km[entries, season][w.site_cell[entries] == u.patrol_cell][0]
            assert km <= (q.mobile_patrol_km if u.mobile else q.base_patrol_km)
            straight = math.hypot(w.cells["x"][u.patrol_cell] - site.x, w.cells["y"][u.patrol_cell] - site.y)
            share = 1.0 if opened else q.clinic_factor
            assert straight <= share * (q.air_medical_km if site.air else q.ground_medical_km) + 1e-9
            far += km > q.base_patrol_km
            by_air += straight > share * q.ground_medical_km
            with_hospital += straight > q.clinic_factor * (q.air_medical_km if site.air else q.ground_medical_km)
    assert far > 50
    assert by_air > 5
    assert with_hospital > 0


def test_attacks_on_patrols_are_by_the_nearest_jihadists_at_the_place_of_the_patrol() -> None:
    simulation = Simulation(scenario(), defaults().changed(attack_per_patrol=0.1), seed=1)
    w = simulation.world
    simulation.advance(300)
    e = simulation.records().events
    e = e[e["actor"] == BAND_ON_PATROL]
    assert e.size > 100
    jihadists = np.flatnonzero(w.militias["jihadist"] == 1)
    for row in e:
        away = np.hypot(w.militias["x"][jihadists] - row.x, w.militias["y"][jihadists] - row.y)
        assert row.perpetrator == jihadists[np.argmin(away)]
        assert (row.x, row.y) == (w.cells["x"][row.cell], w.cells["y"][row.cell])
        assert row.faction == w.militias["faction"][row.perpetrator]
    assert (e["kind"] == UN_V_JIHADISTS).all()
    assert (e["parent"] == -1).all()
    assert not np.isin(
        np.flatnonzero(simulation.records().events["actor"] == BAND_ON_PATROL), simulation.records().events["parent"]
    ).any()
    assert e["deaths"].max() > 0
