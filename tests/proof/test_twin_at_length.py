"""The compiled model and its twin at length: every shipped scenario, and years of small worlds under many numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_mesa.busy import SMALL, assert_same, both, busy_parameters, busy_scenario

from abm.draws import draw_parameters
from abm.scenario import Scenario, shipped_scenarios
from abm.simulation import Simulation

pytestmark = pytest.mark.nightly

TWO_MONTHS, TWO_YEARS = 60, 730
LATER = 450  # days after the start: packages have come, permission is given or late, agreements hold


@pytest.mark.parametrize("name", shipped_scenarios())
@pytest.mark.parametrize(("seed", "after"), [(1, 0), (2, LATER)])
def test_every_shipped_scenario_in_the_whole_region(name: str, seed: int, after: int, tmp_path: Path) -> None:
    simulation = Simulation(Scenario.load(name), seed=seed)
    simulation.advance(after)
    compiled, twin = both(simulation, TWO_MONTHS, tmp_path)
    assert_same(compiled, twin)
    assert len(compiled["days"]) == after + TWO_MONTHS
    assert len(compiled["events"]) > 0


@pytest.mark.parametrize("seed", range(6))
def test_two_years_of_the_busy_small_world(seed: int, tmp_path: Path) -> None:
    simulation = Simulation(busy_scenario(), busy_parameters(), seed=seed)
    assert_same(*both(simulation, TWO_YEARS, tmp_path))


SCENARIOS = (
    "all-measures", "allocation-spread", "allocation-warning-led", "camp-bound-troops", "no-helicopters", "no-un",
)  # fmt: skip


@pytest.mark.parametrize(("number", "name"), list(enumerate(SCENARIOS, start=1)))
def test_two_years_of_small_worlds_under_drawn_parameters(number: int, name: str, tmp_path: Path) -> None:
    scenario = Scenario.load(name).changed(world=SMALL)
    simulation = Simulation(scenario, draw_parameters(number), seed=number)
    compiled, twin = both(simulation, TWO_YEARS, tmp_path)
    assert_same(compiled, twin)
    assert len(compiled["events"]) > 50
