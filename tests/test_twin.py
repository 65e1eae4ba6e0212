"""The compiled model and a plain-Mesa twin agree to the bit: every event, operation, daily total and attribute.

The twin (:mod:`plain_mesa`) has one Python object per agent and shares with the compiled model only the scalar rules
and the keyed draws, so what they agree on is what phases do: who acts when, on what, in which order, with which draw.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_mesa.compare import first_difference
from plain_mesa.faults import FAULTS
from plain_mesa.launch import LOGS, Stretch, Tables, begin, compiled_tables, run_twin

from abm.calendar import date_of, day_of
from abm.kinds import ACTIONS, ACTORS, BAND, KINDS, OUTCOMES
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import (
    ACQUITTED,
    INVESTIGATED,
    LAPSED,
    MUTABLE,
    OPERATION_NAMES,
    REPORTED,
    SANCTIONED,
    UNREPORTED,
)

WEEK = 7
SMALL = {"cercles": ("Mopti", "Bandiagara", "Bankass")}  # Sévaré's base, Ogossagou, two zones and all five factions
TWO_YEARS = (date(2022, 12, 1) - date(2020, 12, 1)).days
A_SEASON = 100


@lru_cache(maxsize=1)
def busy_scenario() -> Scenario:
    """Everything that a scenario may bring happens within two years of December 2020."""
    return Scenario.load("extra-tobs-and-accountability").changed(
        start=date(2020, 12, 1),
        world=SMALL,
        un={"ogossagou_from": date(2021, 1, 10), "enlarged": date(2021, 4, 1), "hospital_opens": date(2021, 1, 1)},
        package={"decision": date(2020, 12, 1), "permission": date(2021, 3, 1)},
        accountability={"starts": date(2021, 1, 1), "investigations_per_month": 0.5},
    )


@lru_cache(maxsize=1)
def busy_parameters() -> Parameters:
    """Every effect is large, so that every branch is taken often."""
    return Parameters().changed(
        n_same=0.4, n_cross=0.1, raid_half_life=3.0, drift_step=0.3, delta_un=0.8, delta_army=0.5, delta_un_abuse=0.4,
        displacement_share=0.9, displacement_below=0.2, persistence_days=21.0, lying_low_days=15.0,
        army_operation_rate=0.1, attack_per_patrol=0.01, tob_days=28.0, generation_months=2.0, reduction_army=0.5,
        reduction_militia=0.4, report_base=0.6, sanction_months=2.0,
    )  # fmt: skip


def both(simulation: Simulation, days: int, folder: Path, fault: str | None = None) -> tuple[Tables, Tables]:
    """Tables after the same days of the compiled model and of the twin."""
    stretch = begin(simulation, days)
    simulation.advance(days)
    return compiled_tables(simulation), run_twin(stretch, folder, fault)


def assert_same(compiled: Tables, twin: Tables) -> None:
    """Nothing that changes during a run is left out, and all of it is equal to the bit."""
    assert set(twin) == set(MUTABLE)
    assert all(set(twin[name].dtype.names) == set(compiled[name].dtype.names) for name in MUTABLE)
    difference = first_difference(compiled, twin)
    assert difference is None, str(difference)


# --- two years of a small world -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, Tables]:
    simulation = Simulation(busy_scenario(), busy_parameters(), seed=11)
    return both(simulation, TWO_YEARS, tmp_path_factory.mktemp("two_years"))


def test_two_years_of_a_small_world_are_equal_to_the_bit(two_years: tuple[Tables, Tables]) -> None:
    assert_same(*two_years)


def numbers_in(column: Any) -> set[int]:
    return set(np.unique(column).tolist())


def test_the_two_years_hold_all_that_may_happen(two_years: tuple[Tables, Tables]) -> None:
    """Else their agreement would prove little."""
    compiled, _ = two_years
    events, operations, cases = compiled["events"], compiled["operations"], compiled["cases"]
    assert numbers_in(events["kind"]) == set(range(len(KINDS)))
    assert numbers_in(events["outcome"]) == set(range(len(OUTCOMES)))
    assert numbers_in(events["actor"]) == set(range(len(ACTORS)))
    assert numbers_in(events["action"]) >= set(range(len(ACTIONS)))
    series = events[events["parent"] >= 0]
    assert series["generation"].max() >= 2
    assert numbers_in(series["faction"] == events["faction"][series["parent"]]) == {False, True}
    assert numbers_in(operations["what"]) == set(range(len(OPERATION_NAMES)))
    assert numbers_in(cases["status"]) >= {UNREPORTED, REPORTED, INVESTIGATED, SANCTIONED, ACQUITTED, LAPSED}
    assert numbers_in(cases["liable"]) == {0, 1}
    assert {0, 1, 2} <= numbers_in(compiled["days"]["extra_tobs"])
    band_ids = compiled["militias"]["id"]
    assert (band_ids[events["perpetrator"][events["actor"] == BAND]] > len(band_ids)).any()  # ids are not rows here
    assert len(numbers_in(events["zone"][events["actor"] == BAND])) > 1


# --- other levers, in the small world -------------------------------------------------------------------------------

MANY_TOBS: dict[str, Any] = {"troops_per_tob": 25.0, "rotation": 1.0, "persistence_days": 0.0, "lying_low_days": 0.0}
OTHER_LEVERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # More slots than units to hold them; nowhere to turn to for those whom presence stops.
    "population": ({"allocation": "population"}, MANY_TOBS | {"displacement_below": 0.0, "delta_un": 0.95}),
    # Soon no place is far enough from the other bases.
    "random": ({"allocation": "random"}, {"troops_per_tob": 50.0, "tob_spacing_km": 100.0, "n_cross": 0.0}),
    # One of the sites is so near another that only one of them can be held.
    "fixed": ({"allocation": "fixed", "tob_sites": ((14.35, -3.6), (14.3, -3.6), (13.9, -3.5))}, {}),
    "no-un": ({"present": False}, {"reduction_army": 0.0, "reduction_militia": 0.0}),
}


@pytest.mark.parametrize("name", OTHER_LEVERS)
def test_other_levers_are_equal_to_the_bit(name: str, tmp_path: Path) -> None:
    levers, numbers = OTHER_LEVERS[name]
    scenario = busy_scenario().changed(un=levers, package={"permission": "never"})
    simulation = Simulation(scenario, busy_parameters().changed(**numbers), seed=12)
    compiled, twin = both(simulation, A_SEASON, tmp_path)
    assert_same(compiled, twin)
    assert (compiled["days"]["tobs"].max() > 0) == (name != "no-un")


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
    ("name", "allocation"), [("extra-tobs-and-accountability", "hotspot"), ("extra-tobs", "random")]
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
    simulation = Simulation(busy_scenario(), busy_parameters(), seed=11)
    stretch = begin(simulation, A_SEASON)
    simulation.advance(A_SEASON)
    return stretch, compiled_tables(simulation)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_named(fault: str, a_season: tuple[Stretch, Tables], tmp_path: Path) -> None:
    stretch, compiled = a_season
    found = first_difference(compiled, run_twin(stretch, tmp_path, fault))
    assert found is not None
    assert found.compiled != found.twin
    assert compiled[found.table][found.column][found.row] == found.compiled
    assert stretch.day <= found.day < stretch.day + stretch.days
    for part in (str(date_of(found.day)), f"row {found.row}", found.column, repr(found.compiled), repr(found.twin)):
        assert part in str(found)


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
