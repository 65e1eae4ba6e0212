"""The compiled model and the twin agree to the bit where a run is told what happened, and how levels go by month."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_mesa.busy import assert_found, assert_same, both, busy_parameters, busy_scenario
from plain_mesa.faults import FAULTS_WHEN_TOLD
from plain_mesa.known_days import QUIET_DAY, eventful_history
from plain_mesa.launch import Stretch, Tables, begin, compiled_tables

from abm.calendar import calendar_table
from abm.kinds import ACTORS, FACTIONS, KINDS, ON_PATROL_OF_UN
from abm.parameters import Parameters
from abm.simulation import Simulation
from abm.tables import AGREEMENT_BROKEN, CONVOY_SENT, SERVICES_LOST, Table

KNOWN_DAYS, AFTERWARDS, MONTHS = 75, 75, 4


def other_beginners() -> Parameters:
    """Clashes are begun by others than rates were fitted with.

    Communities agree at once, so that what is told can break it; levels drift by much, so that what follows the drift
    and what does not are far apart.
    """
    return busy_parameters().changed(
        ambush_share=0.4, jihadist_initiative=0.5, militia_initiative=0.7, dialogue_success=1.0, drift_step=0.5
    )


def told() -> Simulation:
    """A run of the busy small world that knows its first days."""
    unknown = Simulation(busy_scenario(), other_beginners(), seed=13)
    history = eventful_history(unknown.world, unknown.first_day, KNOWN_DAYS, MONTHS)
    return Simulation(busy_scenario(), other_beginners(), seed=13, history=history)


@pytest.fixture(scope="module")
def known_and_after() -> tuple[Stretch, Tables]:
    simulation = told()
    stretch = begin(simulation, KNOWN_DAYS + AFTERWARDS)
    simulation.advance(stretch.days)
    return stretch, compiled_tables(simulation)


def of_known_days(stretch: Stretch, table: Table) -> Any:
    return table[table["day"] < stretch.day + KNOWN_DAYS]


def of_other_days(stretch: Stretch, table: Table) -> Any:
    return table[table["day"] >= stretch.day + KNOWN_DAYS]


def test_known_days_and_those_after_them_are_equal_to_the_bit(tmp_path: Path) -> None:
    assert_same(*both(told(), KNOWN_DAYS + AFTERWARDS, tmp_path))


def test_known_days_restored_from_a_checkpoint_are_equal_to_the_bit(tmp_path: Path) -> None:
    first, restored = told(), told()
    first.advance(KNOWN_DAYS // 2)
    restored.restore(first.checkpoint())
    assert 0 < restored.world.state[0].lived_row < restored.world.lived.size
    compiled, twin = both(restored, KNOWN_DAYS, tmp_path)
    assert_same(compiled, twin)
    assert compiled["state"]["lived_row"][0] == restored.world.lived.size


# What these days hold: else their agreement would prove little.


def numbers_in(column: Any) -> set[int]:
    return set(np.unique(column).tolist())


def test_the_known_days_hold_all_that_can_be_told(known_and_after: tuple[Stretch, Tables]) -> None:
    stretch, compiled = known_and_after
    events = of_known_days(stretch, compiled["events"])
    assert numbers_in(events["kind"]) == set(range(len(KINDS)))
    assert numbers_in(events["actor"]) == set(range(len(ACTORS)))
    assert numbers_in(events["action"]) == set(range(ON_PATROL_OF_UN + 1))
    assert numbers_in(events["faction"]) == {-1, *range(len(FACTIONS))}
    assert events["day"].min() == stretch.day
    assert (stretch.arrays["lived"]["day"] < stretch.day).any()  # told, but of days before the run
    days = of_known_days(stretch, compiled["days"])
    assert numbers_in(np.isin(days["day"], events["day"])) == {False, True}
    assert (days["day"] % 7 == QUIET_DAY).any()


def test_the_known_days_have_all_kinds_of_consequences(known_and_after: tuple[Stretch, Tables]) -> None:
    stretch, compiled = known_and_after
    operations, days = (of_known_days(stretch, compiled[log]) for log in ("operations", "days"))
    assert {AGREEMENT_BROKEN, SERVICES_LOST, CONVOY_SENT} <= numbers_in(operations["what"])
    assert days["displaced"].max() > 0
    assert days["risk_army"].min() < days["risk_army"].max()
    assert numbers_in(of_known_days(stretch, compiled["cases"])["liable"]) == {0, 1}
    assert (days["candidates"] == 0).all()
    assert (days["attacks_on_un"] == 0).all()
    assert days["un_patrols"].sum() > 0 < days["army_operations"].sum()


def test_after_them_everybody_acts_as_their_month_and_cercle_have_it(known_and_after: tuple[Stretch, Tables]) -> None:
    stretch, compiled = known_and_after
    events, days = (of_other_days(stretch, compiled[log]) for log in ("events", "days"))
    assert numbers_in(events["actor"]) == set(range(len(ACTORS)))
    assert days["attacks_on_un"].sum() > 0
    assert (events["parent"] >= 0).any()
    before = len(of_known_days(stretch, compiled["events"]))
    assert ((events["parent"] >= 0) & (events["parent"] < before)).any()  # series go on from what was told
    # The course has changed on the way, once its last month for good, and differs among cercles.
    months = calendar_table()["month_number"][[stretch.day, stretch.day + stretch.days - 1]]
    assert months[1] - months[0] >= MONTHS
    course = compiled["cercles"]["course"]
    assert np.array_equal(course, stretch.arrays["course"][-1])
    assert len(numbers_in(course)) > 2
    assert (compiled["cercles"]["level"] != course).any()


# --- the comparison can fail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS_WHEN_TOLD)
def test_a_planted_fault_is_found_and_named(
    fault: str, known_and_after: tuple[Stretch, Tables], tmp_path: Path
) -> None:
    assert_found(fault, *known_and_after, tmp_path)
