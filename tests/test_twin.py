"""The compiled model and a plain-Mesa twin agree to the bit: every event, operation, daily total and attribute.

The twin (:mod:`plain_mesa`) has one Python object per agent and shares with the compiled model only the scalar rules
and the keyed draws, so what they agree on is what phases do: who acts when, on what, in which order, with which draw.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_mesa.busy import assert_found, assert_same, both, busy_parameters, busy_scenario
from plain_mesa.compare import first_difference
from plain_mesa.faults import FAULTS
from plain_mesa.launch import LOGS, Stretch, Tables, begin, compiled_tables

from abm.calendar import day_of
from abm.kinds import (
    ACTIONS,
    ACTORS,
    ANSWERS,
    AVERTED_BY_ARMY,
    BAND,
    DURING,
    FULANI,
    IN_TIME,
    KINDS,
    NO_WARNING,
    ON_VILLAGE,
    OUTCOMES,
    REALISED_ELSEWHERE,
    TOO_LATE,
)
from abm.recruitment import LARGEST_CHANGE
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import (
    ACQUITTED,
    AGREEMENT_LAPSED,
    CONVOY_ATTACKED,
    CONVOY_SENT,
    INVESTIGATED,
    LAPSED,
    OPEN,
    OPERATION_NAMES,
    REPORTED,
    SANCTIONED,
    TOB_OPENED,
    UNREPORTED,
)

WEEK = 7
NONE = -1
TWO_YEARS = (date(2022, 12, 1) - date(2020, 12, 1)).days
A_SEASON = 100


# --- two years of a small world -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, Tables]:
    simulation = Simulation(busy_scenario(), busy_parameters(), seed=13)
    return both(simulation, TWO_YEARS, tmp_path_factory.mktemp("two_years"))


def test_two_years_of_a_small_world_are_equal_to_the_bit(two_years: tuple[Tables, Tables]) -> None:
    assert_same(*two_years)


# What the two years hold: else their agreement would prove little.


def numbers_in(column: Any) -> set[int]:
    return set(np.unique(column).tolist())


def rows_of(operations: Any, what: int) -> Any:
    return operations[operations["what"] == what]


def test_the_two_years_hold_all_kinds_of_events(two_years: tuple[Tables, Tables]) -> None:
    events, band_ids = two_years[0]["events"], two_years[0]["militias"]["id"]
    assert numbers_in(events["kind"]) == set(range(len(KINDS)))
    assert numbers_in(events["outcome"]) == set(range(len(OUTCOMES)))
    assert numbers_in(events["actor"]) == set(range(len(ACTORS)))
    assert numbers_in(events["action"]) >= set(range(len(ACTIONS)))
    series = events[events["parent"] >= 0]
    assert series["generation"].max() >= 2
    assert numbers_in(series["faction"] == events["faction"][series["parent"]]) == {False, True}
    by_bands = events[events["actor"] == BAND]
    assert (band_ids[by_bands["perpetrator"]] > len(band_ids)).any()  # ids are not rows here
    assert len(numbers_in(by_bands["zone"])) > 2
    on_villages = by_bands[by_bands["action"] == ON_VILLAGE]
    assert REALISED_ELSEWHERE in on_villages["outcome"]
    assert on_villages["deaths"][on_villages["answer"] == DURING].any()


def test_the_two_years_hold_all_operations_and_answers(two_years: tuple[Tables, Tables]) -> None:
    compiled, _ = two_years
    assert numbers_in(compiled["operations"]["what"]) == set(range(len(OPERATION_NAMES)))
    assert numbers_in(compiled["events"]["answer"]) == set(range(len(ANSWERS)))
    assert all(compiled["days"][total].max() > compiled["days"][total].min() for total in compiled["days"].dtype.names)


def test_the_two_years_hold_all_that_the_un_does(two_years: tuple[Tables, Tables]) -> None:
    compiled, _ = two_years
    days, units, operations = compiled["days"], compiled["un_units"], compiled["operations"]
    assert {0, 1, 2} <= numbers_in(days["extra_tobs"])
    assert numbers_in(days["flying"]) == {0, 1, 2}  # main bases
    leaders = units[rows_of(operations, TOB_OPENED)["unit"]]
    assert len(numbers_in(leaders["site"])) == 2
    assert numbers_in(leaders["medics"]) == {0, 1}
    assert ((units["at_tob"] > 0) & (units["slot"] == NONE)).any()  # held together with others
    assert (units["hurt"] > 0.0).any()
    sent, attacked = (rows_of(operations, what) for what in (CONVOY_SENT, CONVOY_ATTACKED))
    assert 0 < len(attacked) < len(sent)
    assert compiled["cells"]["alarm"].any()


def test_the_two_years_hold_all_that_authorities_and_communities_do(two_years: tuple[Tables, Tables]) -> None:
    compiled, _ = two_years
    days, cercles, cases = compiled["days"], compiled["cercles"], compiled["cases"]
    assert numbers_in(cases["status"]) == {UNREPORTED, REPORTED, INVESTIGATED, SANCTIONED, ACQUITTED, LAPSED}
    assert numbers_in(cases["liable"]) == {0, 1}
    assert len(numbers_in(days["missions"][days["missions"] > 0.0])) > 1  # some weeks not all found an escort
    assert compiled["pairs"]["made"].sum() > compiled["pairs"]["broken"].sum() > 0
    ended = rows_of(compiled["operations"], AGREEMENT_LAPSED)["amount"]
    assert ended.max() > busy_parameters().agreement_days  # renewed before
    assert np.diff(days["disarmed"]).min() < 0  # some took up arms again
    assert np.diff(days["displaced"]).min() < 0  # some returned
    here = cercles[cercles["people"] > 0]
    assert ((here["recruits"] > 1.0) & (here["recruits"] < LARGEST_CHANGE)).any()
    assert here["services"].max() < 1.0
    villages = compiled["villages"]
    assert numbers_in(villages["served"]) == {0, 1}
    assert numbers_in(villages["displaced"][villages["displaced_day"] != NONE] > 0) == {False, True}


# --- other levers, in the small world -------------------------------------------------------------------------------

NO_PACKAGE: dict[str, Any] = {"package": {"units": ()}}
MANY_TOBS: dict[str, Any] = {"troops_per_tob": 25.0, "rotation": 1.0, "persistence_days": 0.0, "lying_low_days": 0.0}
ALL_FLY: dict[str, Any] = {"helicopter_availability": 1.0, "air_medical_km": 400.0, "p_warning": 1.0}
OTHER_LEVERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # More slots than units to hold them; nowhere to turn to for those whom presence stops.
    "population": (
        NO_PACKAGE | {"un": {"allocation": "population"}}, MANY_TOBS | {"displacement_below": 0.0, "delta_un": 0.95}
    ),
    # Soon no place is far enough from the other bases.
    "random": (
        NO_PACKAGE | {"un": {"allocation": "random"}}, {"troops_per_tob": 50.0, "tob_spacing_km": 100.0, "n_cross": 0.0}
    ),
    # One of the sites is so near another that only one of them can be held.
    "fixed": (
        NO_PACKAGE | {"un": {"allocation": "fixed", "tob_sites": ((14.35, -3.6), (14.3, -3.6), (13.9, -3.5))}}, {}
    ),
    "no-un": ({"un": {"present": False}}, {"reduction_army": 0.0, "reduction_militia": 0.0}),
    # Abuses are many and at once frighten recruits away; helicopters carry troops to whoever warns.
    "warning": (
        {"un": {"allocation": "warning"}, "strategy": {"army_stays": None}},
        ALL_FLY | {"recruit_abuse": -0.5, "recruit_lag_days": 0.0, "army_operation_rate": 0.2},
    ),
    # Communities remember, and some Fulani militias are no militias of their community: no sanction deters them.
    "spread": (
        {"un": {"allocation": "spread"}},
        {"slow_grievance": 0.3, "fulani_overlap": 0.5, "recruit_abuse": 0.5, "recruit_lag_days": 10.0,
         "risk_prior": 0.5, "reduction_militia": 0.9},
    ),
    # Ogossagou is beyond the reach of convoys, and casualties come back by bad roads only; nobody warns.
    "bad-roads": (
        {"un": {"helicopters": False, "hospital_opens": "never", "ogossagou_from": date(2020, 12, 1)}},
        {"tob_reach_km": 60.0, "convoy_km_per_day": 10.0, "resupply_days": 8.0, "tob_spacing_km": 10.0,
         "p_warning": 0.0, "ground_medical_km": 50.0},
    ),
}  # fmt: skip


def any_tob(tables: Tables) -> bool:
    return bool(tables["days"]["tobs"].max() > 0)


def only_the_army_answers(tables: Tables) -> bool:
    by_the_army = {NO_WARNING, TOO_LATE, IN_TIME, AVERTED_BY_ARMY}
    return not any_tob(tables) and numbers_in(tables["events"]["answer"]) == by_the_army


def bases_led_by_warnings(tables: Tables) -> bool:
    alarms, recruits = tables["cells"]["alarm"], tables["cercles"]["recruits"]
    return bool(any_tob(tables) and alarms.any() and recruits.min() < 1.0)


def old_quarrels_and_false_militias(tables: Tables) -> bool:
    pairs, bands = tables["pairs"], tables["militias"]
    fulani = bands["aligned"][bands["faction"] == FULANI]
    resented = (pairs["first_grievance"] > pairs["first_usual"]) | (pairs["second_grievance"] > pairs["second_usual"])
    return bool(any_tob(tables) and numbers_in(fulani) == {0, 1} and resented.any())


def ogossagou_without_supplies(tables: Tables) -> bool:
    base, others = tables["slots"][0], tables["slots"][1:]
    without = base["status"] == OPEN and base["entry"] == NONE and tables["days"]["flying"].max() == 0
    return bool(without and (others["entry"] != NONE).any() and len(rows_of(tables["operations"], CONVOY_SENT)) > 0)


SEEN: dict[str, Callable[[Tables], bool]] = {
    "population": any_tob, "random": any_tob, "fixed": any_tob, "no-un": only_the_army_answers,
    "warning": bases_led_by_warnings, "spread": old_quarrels_and_false_militias,
    "bad-roads": ogossagou_without_supplies,
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_LEVERS)
def test_other_levers_are_equal_to_the_bit(name: str, tmp_path: Path) -> None:
    levers, numbers = OTHER_LEVERS[name]
    simulation = Simulation(busy_scenario().changed(**levers), busy_parameters().changed(**numbers), seed=12)
    compiled, twin = both(simulation, A_SEASON, tmp_path)
    assert_same(compiled, twin)
    assert SEEN[name](compiled)


# --- the whole region, from the middle of a run ---------------------------------------------------------------------


def on_the_eve_of_an_order(scenario: Scenario, seed: int) -> Simulation:
    """A run on the day before a weekly order, with extra TOBs open, restored from a checkpoint."""
    simulation = Simulation(scenario, seed=seed)
    simulation.advance(day_of(scenario.package.decision) - simulation.day)
    while compiled_tables(simulation)["days"]["extra_tobs"][-1] == 0:
        simulation.advance(WEEK)
    simulation.advance((-1 - simulation.day) % WEEK)
    restored = Simulation(scenario, seed=seed)
    restored.restore(simulation.checkpoint())
    return restored


@pytest.mark.parametrize(
    ("name", "allocation"), [("all-measures", "hotspot"), ("mobile-troops-embedded-medics", "warning")]
)
def test_the_whole_region_is_equal_to_the_bit(name: str, allocation: str, tmp_path: Path) -> None:
    simulation = on_the_eve_of_an_order(Scenario.load(name).changed(un={"allocation": allocation}), seed=5)
    before = {log: len(rows) for log, rows in compiled_tables(simulation).items() if log in LOGS}
    compiled, twin = both(simulation, 3, tmp_path)
    assert_same(compiled, twin)
    assert compiled["days"]["extra_tobs"][-1] > 0
    assert all(len(compiled[log]) > before[log] for log in ("days", "events"))


# --- the comparison can fail ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def a_season() -> tuple[Stretch, Tables]:
    simulation = Simulation(busy_scenario(), busy_parameters(), seed=13)
    stretch = begin(simulation, A_SEASON)
    simulation.advance(A_SEASON)
    return stretch, compiled_tables(simulation)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_named(fault: str, a_season: tuple[Stretch, Tables], tmp_path: Path) -> None:
    assert_found(fault, *a_season, tmp_path)


def altered(tables: Tables, table: str, row: int, column: str, value: float) -> Tables:
    changed = {name: np.array(array) for name, array in tables.items()}
    changed[table][column][row] = value
    return changed


def test_the_earliest_difference_is_named_first(two_years: tuple[Tables, Tables]) -> None:
    compiled, _ = two_years
    assert first_difference(compiled, compiled) is None
    last = len(compiled["events"]) - 1
    late = altered(compiled, "events", last, "deaths", 1_000)
    found = first_difference(compiled, altered(late, "operations", 0, "amount", -5))
    assert (found.table, found.row, found.column, found.twin) == ("operations", 0, "amount", -5)
    found = first_difference(compiled, late)
    assert (found.table, found.row, found.column, found.twin) == ("events", last, "deaths", 1_000)


def test_a_single_bit_of_the_state_is_a_difference(two_years: tuple[Tables, Tables]) -> None:
    compiled, _ = two_years
    strength = float(compiled["militias"]["strength"][3])
    found = first_difference(compiled, altered(compiled, "militias", 3, "strength", np.nextafter(strength, np.inf)))
    assert (found.table, found.row, found.column, found.compiled) == ("militias", 3, "strength", strength)


def test_a_log_that_ends_early_is_a_difference(two_years: tuple[Tables, Tables]) -> None:
    compiled, _ = two_years
    shorter = {**compiled, "events": compiled["events"][:-1]}
    found = first_difference(compiled, shorter)
    assert (found.table, found.row, found.twin) == ("events", len(compiled["events"]) - 1, "no such row")
