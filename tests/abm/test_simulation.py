"""Runs: the same for ever, whole or in pieces, alone or in threads, whatever grows; and their logs hold no garbage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, day_by_day, defaults, inert, scenario, silent
from hypothesis import given, settings
from hypothesis import strategies as st

import abm.world
from abm.calendar import calendar_table, date_of, day_of, months_after
from abm.deployment import LONGEST_WAIT_MONTHS
from abm.kinds import (
    ANSWERS,
    AVERTED_BY_ARMY,
    AVERTED_BY_UN,
    BAND,
    BAND_ON_PATROL,
    IN_TIME,
    KINDS,
    NATIONAL_FORCES,
    NO_WARNING,
    ON_VILLAGE,
    OUTCOMES,
    PREVENTED,
)
from abm.parameters import Parameters
from abm.randomness import ZONE_DRIFT, normal, uniform
from abm.records import Records
from abm.recruitment import LARGEST_CHANGE
from abm.scenario import Scenario
from abm.schedule import multiplier_of, next_deviation, next_variance
from abm.simulation import MOST_SEED, Simulation, horizon, simulate
from abm.tables import DAYS, EVENTS, OPERATION_NAMES, OPERATIONS

TODAY = date(2021, 1, 1)


def busy(**levers: Any) -> Scenario:
    """Everything at once: the package there from the start, accountability and a Malian-led strategy."""
    package = {"decision": TODAY, "permission": TODAY}
    accountability = {"starts": TODAY, "investigations_per_month": 20.0, "cooperation": 0.6}
    strategy = {
        "starts": TODAY, "dialogue_missions_per_month": 12.0, "disarmament_per_month": 100.0,
        "services_per_month": 60.0,
    }  # fmt: skip
    return scenario("all-measures").changed(
        **{**levers, "package": package, "accountability": accountability, "strategy": strategy}
    )


def parameters(**changes: Any) -> Parameters:
    """Procedures are short, agreements come, break and lapse, and convoys are late: all that a log can hold happens."""
    eventful = {
        "generation_months": 0.0, "sanction_months": 2.0, "displacement_share": 0.4, "dialogue_success": 0.8,
        "agreement_days": 28.0, "break_chance": 0.2, "convoy_attack_rate": 0.3, "attack_delay_days": 4.0,
        "supply_reserve_days": 1.0, "attack_per_patrol": 0.02,
    }  # fmt: skip
    return defaults().changed(**{**eventful, **changes})


SMALL = {"cercles": ("Mopti", "Bandiagara", "Bankass", "Koro")}


@pytest.fixture(scope="module")
def whole() -> Records:
    """A year of the busy scenario in one go."""
    return simulate(busy(), parameters(), seed=7, days=400)


# --- the same for ever --------------------------------------------------------------------------------------------


def test_a_seed_determines_every_bit(whole: Records) -> None:
    assert simulate(busy(), parameters(), seed=7, days=400).fingerprint() == whole.fingerprint()
    assert simulate(busy(), parameters(), seed=8, days=400).fingerprint() != whole.fingerprint()


@pytest.mark.parametrize("cercles", [("Koro",), ("Mopti", "Djenne"), SMALL["cercles"]])
def test_parts_of_the_region_are_repeatable_too(cercles: tuple[str, ...]) -> None:
    levers = busy(world={"cercles": cercles})
    assert len({simulate(levers, parameters(), seed=7, days=500).fingerprint() for _ in range(4)}) == 1


@given(st.integers(0, MOST_SEED))
@settings(max_examples=10)
def test_every_seed_runs(seed: int) -> None:
    simulation = Simulation(busy(world=SMALL), parameters(), seed=seed)
    simulation.advance(30)
    assert simulation.records().days.size == 30


@pytest.mark.parametrize("seed", [-1, MOST_SEED + 1])
def test_other_seeds_are_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=f"seed must lie between 0 and {MOST_SEED}, got {seed}"):
        Simulation(busy(), parameters(), seed=seed)


# --- in pieces ----------------------------------------------------------------------------------------------------


def test_days_run_in_pieces_are_days_run_in_one_go(whole: Records) -> None:
    simulation = Simulation(busy(), parameters(), seed=7)
    rng, left = np.random.default_rng(0), 400
    while left:
        step = int(min(left, rng.choice([0, 1, 2, 7, 33])))
        simulation.advance(step)
        left -= step
    assert simulation.records().fingerprint() == whole.fingerprint()


def test_a_run_restored_from_a_checkpoint_goes_on_as_if_nothing_had_been(whole: Records) -> None:
    simulation = Simulation(busy(), parameters(), seed=7)
    simulation.advance(150)
    state = simulation.checkpoint()
    before = {name: table.tobytes() for name, table in state.tables.items()}
    simulation.advance(250)
    assert simulation.records().fingerprint() == whole.fingerprint()
    assert {name: table.tobytes() for name, table in state.tables.items()} == before  # a copy, not a window
    simulation.restore(state)  # back
    assert simulation.day == simulation.first_day + 150
    simulation.advance(250)
    assert simulation.records().fingerprint() == whole.fingerprint()
    other = Simulation(busy(), parameters(), seed=7)  # and into another process's run
    other.restore(state)
    other.advance(250)
    assert other.records().fingerprint() == whole.fingerprint()


def test_logs_that_grow_change_nothing(monkeypatch: pytest.MonkeyPatch, whole: Records) -> None:
    monkeypatch.setattr(abm.world, "FIRST_ROWS", {"events": 3, "operations": 2, "cases": 1})
    simulation = Simulation(busy(), parameters(), seed=7)
    first = simulation.world.events.size
    simulation.advance(200)
    state = simulation.checkpoint()
    simulation.advance(200)
    assert simulation.world.events.size > 8 * first
    assert simulation.records().fingerprint() == whole.fingerprint()
    simulation.restore(state)  # to smaller tables, which grow again
    simulation.advance(200)
    assert simulation.records().fingerprint() == whole.fingerprint()


def test_progress_is_told_at_least_every_90_days() -> None:
    reached: list[int] = []
    records = simulate(busy(world=SMALL), parameters(), seed=1, days=400, progress=reached.append)
    assert reached[-1] == records.last_day == records.first_day + 400
    steps = np.diff([records.first_day, *reached])
    assert (steps > 0).all()
    assert steps.max() <= 90


# --- in threads ---------------------------------------------------------------------------------------------------


def test_runs_in_threads_are_runs_in_a_row() -> None:
    levers, q = busy(world=SMALL), parameters()
    alone = [simulate(levers, q, seed=seed, days=300).fingerprint() for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda seed: simulate(levers, q, seed=seed, days=300).fingerprint(), range(8)))
    assert together == alone
    assert len(set(alone)) == 8


# --- inputs are left alone ----------------------------------------------------------------------------------------


def test_a_run_writes_to_nothing_it_was_given() -> None:
    # Compiled code may write through a record without anybody noticing.
    simulation = Simulation(busy(), parameters(), seed=7)
    constant = [name for name in simulation.world._fields if name not in simulation.checkpoint().tables]
    scratch = {"candidates", "score", "answers"}
    before = {name: array.tobytes() for name, array in simulation.compiled._asdict().items()}
    fixed = {name: getattr(simulation.world, name).tobytes() for name in constant if name not in scratch}
    assert len(fixed) > 8
    simulation.advance(400)
    assert {name: array.tobytes() for name, array in simulation.compiled._asdict().items()} == before
    assert {name: getattr(simulation.world, name).tobytes() for name in fixed} == fixed


def test_runs_do_not_meet_in_what_they_share() -> None:
    one = Simulation(busy(), parameters(), seed=7)
    one.advance(100)
    fresh, again = Simulation(busy(), parameters(), seed=7), Simulation(busy(), parameters(), seed=7)
    fresh.advance(50)
    again.advance(50)
    assert fresh.records().fingerprint() == again.records().fingerprint()


# --- how long a run is --------------------------------------------------------------------------------------------


def test_a_run_lasts_its_months_or_as_asked() -> None:
    levers = scenario().changed(world={"cercles": ("Koro",)}, months=5)
    assert simulate(levers, defaults()).last_day == months_after(day_of(TODAY), 5)
    assert simulate(levers, defaults(), days=17).last_day == day_of(TODAY) + 17
    assert simulate(levers, defaults(), last_day=day_of(TODAY) + 3).days.size == 3
    assert simulate(levers, defaults(), days=0).days.size == 0


def test_the_calendar_ends() -> None:
    levers = scenario().changed(world={"cercles": ("Koro",)}, start=date(2032, 12, 31))
    simulation = Simulation(levers, silent(defaults()), seed=1)
    left = calendar_table().size - simulation.day
    with pytest.raises(ValueError, match="the calendar ends before day"):
        simulation.advance(left + 1)
    assert simulation.day == simulation.first_day  # nothing half done
    simulation.advance(left)
    assert date_of(simulation.day - 1) == date(2044, 12, 31)


@pytest.mark.parametrize("months", [6, 36])
def test_a_comparison_runs_on_for_its_months_after_clock_zero(months: int) -> None:
    records = simulate(busy(world=SMALL), parameters(), seed=1, until_clock_months=months)
    assert records.clock_zero > 0
    assert records.last_day == months_after(records.clock_zero, months)
    extra = records.days["day"][records.days["extra_tobs"] > 0]
    assert extra[0] == records.clock_zero


def test_a_short_comparison_ends_on_its_day() -> None:
    records = simulate(busy(world=SMALL), parameters(), seed=1, until_clock_months=1)
    assert records.last_day == months_after(records.clock_zero, 1)


def test_waiting_for_clock_zero_ends_at_the_horizon() -> None:
    never = scenario("extra-tobs").changed(world={"cercles": ("Koro",)}, package={"permission": "never"})
    records = simulate(never, silent(defaults()), seed=1, until_clock_months=12)
    assert records.clock_zero == -1
    assert records.last_day == horizon(never)
    assert horizon(never) == months_after(day_of(never.package.decision), LONGEST_WAIT_MONTHS + 12)


def test_every_shipped_length_fits_into_the_calendar() -> None:
    latest = scenario("extra-tobs").changed(
        start=date(2032, 12, 31), months=120, package={"decision": date(2032, 12, 31), "permission": "drawn"}
    )
    assert months_after(horizon(latest), 36) < calendar_table().size
    assert months_after(day_of(latest.start), latest.months) < calendar_table().size


# --- what logs hold -----------------------------------------------------------------------------------------------


def test_logs_have_whole_rows_in_order_and_in_range(whole: Records) -> None:
    e, o, d = whole.events, whole.operations, whole.days
    assert (e.dtype, o.dtype, d.dtype) == (EVENTS, OPERATIONS, DAYS)
    for table in (e, o, d):
        assert table.size > 50
        names = [name for name in table.dtype.names if name != "response_hours"]
        assert all(np.isfinite(table[name]).all() for name in names)
        assert ((table["day"] >= whole.first_day) & (table["day"] < whole.last_day)).all()
        assert (np.diff(table["day"]) >= 0).all()
    assert np.array_equal(d["day"], np.arange(whole.first_day, whole.last_day))
    w = Simulation(busy(), parameters()).world
    ranges = {
        "kind": (0, len(KINDS)), "actor": (0, 3), "faction": (-1, 5), "action": (0, 5), "outcome": (0, len(OUTCOMES)),
        "village": (-1, w.villages.size), "cell": (0, w.cells.size), "cercle": (0, 15), "zone": (0, 4),
        "community": (-1, 6), "deaths": (0, 301), "parent": (-1, e.size), "generation": (0, 50),
        "elsewhere_from": (-1, w.villages.size), "answer": (0, len(ANSWERS)),
    }  # fmt: skip
    for name, (low, high) in ranges.items():
        assert ((e[name] >= low) & (e[name] < high)).all(), name
    by_band, by_army = e[e["actor"] != NATIONAL_FORCES], e[e["actor"] == NATIONAL_FORCES]
    assert ((by_band["perpetrator"] >= 0) & (by_band["perpetrator"] < w.militias.size)).all()
    assert ((by_army["perpetrator"] >= 0) & (by_army["perpetrator"] < w.national_forces.size)).all()
    # Warnings are of attacks on villagers by bands; hours of an answer are infinite where nobody can give one.
    at_villagers = (e["actor"] == BAND) & (e["action"] == ON_VILLAGE)
    assert (e["response_hours"][at_villagers] > 0).all()
    assert np.isfinite(e["response_hours"][at_villagers]).any()
    for name, nothing in (("response_hours", 0.0), ("answer", NO_WARNING), ("responder", -1)):
        assert (e[name][~at_villagers] == nothing).all(), name
    by_whom = e["answer"] == AVERTED_BY_ARMY
    assert ((e["responder"] >= -1) & (e["responder"] < w.un_units.size))[~by_whom].all()
    assert ((e["responder"] >= 0) & (e["responder"] < w.national_forces.size))[by_whom].all()
    averted = np.isin(e["answer"], (AVERTED_BY_UN, AVERTED_BY_ARMY))
    assert (e["outcome"][averted] == PREVENTED).all()
    assert (e["responder"][averted] >= 0).all()
    assert set(e["answer"].tolist()) == set(range(len(ANSWERS)))  # this scenario has all of them
    assert ((e["stands"] >= 0) & (e["stands"] <= 1)).all()
    assert (e["mean_deaths"] > 0).all()
    assert ((o["what"] >= 0) & (o["what"] < len(OPERATION_NAMES))).all()
    assert set(o["what"].tolist()) == set(range(len(OPERATION_NAMES)))  # this scenario has all of them
    assert ((d["risk_army"] > 0) & (d["risk_army"] < 1)).all()


def test_an_events_place_is_its_villages_place(whole: Records) -> None:
    e, v = whole.events, whole.villages
    at = e[e["village"] >= 0]
    for name in ("cell", "cercle", "zone", "community", "x", "y"):
        assert np.array_equal(at[name], v[name][at["village"]]), name
    nowhere = e[e["village"] < 0]
    assert np.array_equal(nowhere["cercle"], whole.cells["cercle"][nowhere["cell"]])
    assert (nowhere["community"] == -1).all()


def test_daily_totals_are_those_of_the_log(whole: Records) -> None:
    e = whole.events[whole.events["actor"] == BAND]
    per_day = np.bincount(e["day"] - whole.first_day, minlength=400)
    assert np.array_equal(per_day, whole.days["candidates"])
    warned = e[e["answer"] != NO_WARNING]
    assert np.array_equal(np.bincount(warned["day"] - whole.first_day, minlength=400), whole.days["warnings"])
    in_time = np.isin(warned["answer"], (IN_TIME, AVERTED_BY_UN, AVERTED_BY_ARMY))
    answered = np.bincount(warned["day"][in_time] - whole.first_day, minlength=400)
    assert np.array_equal(answered, whole.days["answered"])
    on_un = whole.events[whole.events["actor"] == BAND_ON_PATROL]
    assert np.array_equal(np.bincount(on_un["day"] - whole.first_day, minlength=400), whole.days["attacks_on_un"])
    un_deaths = np.bincount(on_un["day"] - whole.first_day, weights=on_un["deaths"], minlength=400)
    assert np.array_equal(un_deaths, whole.days["un_deaths"])
    assert np.array_equal(whole.realised, whole.events[whole.events["outcome"] != PREVENTED])


@pytest.mark.parametrize("cercles", [("Koro",), ("Bankass", "Koro"), ("Mopti", "Djenne"), ("Segou", "Niono")])
def test_small_worlds_name_rows_that_they_have(cercles: tuple[str, ...]) -> None:
    simulation = Simulation(busy(world={"cercles": cercles}), parameters(), seed=3)
    simulation.advance(700)
    w, e = simulation.world, simulation.records().events
    assert e.size > 20
    band, army = e[e["actor"] != NATIONAL_FORCES], e[e["actor"] == NATIONAL_FORCES]
    assert (band["perpetrator"] < w.militias.size).all()
    assert np.array_equal(w.militias["faction"][band["perpetrator"]], band["faction"])
    assert (army["perpetrator"] < w.national_forces.size).all()
    assert (w.militias["strength"] >= 1.0).all()
    # Recruits multiply full strength by three at most.
    assert (w.militias["strength"] <= LARGEST_CHANGE * w.militias["strength_start"] + 1e-9).all()


def test_a_fingerprint_sees_every_log(whole: Records) -> None:
    again = simulate(busy(), parameters(), seed=7, days=400)
    for table in (again.events, again.operations, again.days):
        kept = table[5].copy()
        table[5]["day"] += 1
        assert again.fingerprint() != whole.fingerprint()
        table[5] = kept
    assert again.fingerprint() == whole.fingerprint()


# --- drift of the levels of violence --------------------------------------------------------------------------------


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(1, 60))
def test_the_variance_of_the_drift_is_that_of_an_autoregression(memory: float, step: float, months: int) -> None:
    # x(t) = a x(t-1) + s e: var = s^2 (1 - a^(2t)) / (1 - a^2).
    variance = 0.0
    for _ in range(months):
        variance = next_variance(variance, memory, step)
    if memory < 1.0:
        closed = step * step * (1 - memory ** (2 * months)) / (1 - memory * memory)
    else:
        closed = months * step * step
    assert variance == pytest.approx(closed, rel=1e-9, abs=1e-15)


def test_levels_drift_by_the_draws_of_their_zone_and_month() -> None:
    # Recomputed from the keys: the same in every scenario, whatever happens in it.
    q = silent(defaults().changed(drift_step=0.3, drift_memory=0.8))
    simulation = Simulation(scenario().changed(world={"cercles": ("Koro",)}), q, seed=12)
    deviation, variance = [0.0] * 4, 0.0
    for day in day_by_day(simulation, 800):
        when = date_of(day)
        if when.day == 1 and day > simulation.first_day:
            month = (when.year - 2017) * 12 + when.month - 1
            variance = next_variance(variance, 0.8, 0.3)
            for zone in range(4):
                shock = normal(uniform(12, ZONE_DRIFT, zone, month, 0), uniform(12, ZONE_DRIFT, zone, month, 1))
                deviation[zone] = next_deviation(deviation[zone], 0.8, 0.3, shock)
        expected = [multiplier_of(x, variance) for x in deviation]
        assert simulation.world.zones["multiplier"].tolist() == expected


@pytest.mark.statistical
def test_drift_leaves_the_mean_level_as_it_is() -> None:
    # E exp(x - v/2) = 1, and its variance is exp(v) - 1, at every month: half the variance is taken off.
    seeds, months, memory, step = 1500, 36, 0.9, 0.2
    multipliers = np.empty((seeds, months))
    for seed in range(seeds):
        x = variance = 0.0
        for month in range(months):
            shock = normal(uniform(seed, ZONE_DRIFT, 1, month, 0), uniform(seed, ZONE_DRIFT, 1, month, 1))
            x, variance = next_deviation(x, memory, step, shock), next_variance(variance, memory, step)
            multipliers[seed, month] = multiplier_of(x, variance)
    for month in (0, 5, 11, 35):
        v = step * step * (1 - memory ** (2 * month + 2)) / (1 - memory * memory)
        assert_close_in_law(multipliers[:, month].sum(), seeds, seeds * (np.exp(v) - 1))
    assert np.log(multipliers[:, -1]).var() == pytest.approx(v, rel=0.2)


def test_without_drift_the_level_stays_one() -> None:
    simulation = Simulation(scenario().changed(world={"cercles": ("Koro",)}), inert(), seed=1)
    simulation.advance(400)
    assert (simulation.world.zones["multiplier"] == 1.0).all()
