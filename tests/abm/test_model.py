"""The Mesa face: windows on rows, layers, and the same bits as without Mesa."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from abm import CentralMali, Scenario, simulate
from abm.model import LAYERS, Militia, NationalForceUnit, UNPatrol, Village

SMALL = ("Mopti", "Bandiagara", "Bankass")
DAYS = 40


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("baseline-2021").changed(world={"cercles": SMALL})


@pytest.fixture
def model(scenario: Scenario) -> CentralMali:
    return CentralMali(scenario, seed=5)


def test_stepping_gives_the_records_of_simulate_to_the_bit(model: CentralMali, scenario: Scenario) -> None:
    for _ in range(DAYS):
        model.step()
    assert model.records().fingerprint() == simulate(scenario, seed=5, days=DAYS).fingerprint()
    assert model.steps == DAYS
    assert model.day == model.simulation.first_day + DAYS


def test_a_checkpoint_is_resumed_to_the_bit(model: CentralMali) -> None:
    for _ in range(10):
        model.step()
    kept = model.checkpoint()
    for _ in range(10):
        model.step()
    once = model.records().fingerprint()
    model.restore(kept)
    assert model.steps == 10
    cells = model.world.un_units["cell"]
    assert all(unit.cell is model.mesa_cell(int(cells[unit.row])) for unit in _all(model, UNPatrol))
    for _ in range(10):
        model.step()
    assert model.records().fingerprint() == once


def _all(model: CentralMali, kind: type) -> mesa.agent.AgentSet:
    return model.agents_by_type[kind]


def test_every_row_has_an_agent_and_every_agent_a_cell(model: CentralMali) -> None:
    world = model.world
    tables = {
        Village: world.villages,
        Militia: world.militias,
        NationalForceUnit: world.national_forces,
        UNPatrol: world.un_units,
    }
    for kind, table in tables.items():
        agents = _all(model, kind)
        assert len(agents) == table.size > 0
        assert all(agent.cell.coordinate == _coordinate(model, table["cell"][agent.row]) for agent in agents)


def _coordinate(model: CentralMali, cell: int) -> tuple[int, int]:
    return int(model.geography.ix[cell]), int(model.geography.iy[cell])


def test_agents_read_the_table_live(model: CentralMali) -> None:
    village = next(iter(_all(model, Village)))
    model.world.villages["population"][village.row] = 4321
    assert village.population == 4321
    assert isinstance(village.population, int)
    band = next(iter(_all(model, Militia)))
    assert isinstance(band.strength, float)


def test_agents_write_the_table(model: CentralMali) -> None:
    band = next(iter(_all(model, Militia)))
    band.strength = 3.5
    assert model.world.militias["strength"][band.row] == 3.5


def test_agent_sets_work_as_in_any_model(model: CentralMali) -> None:
    villages = _all(model, Village)
    assert villages.agg("population", sum) == int(model.world.villages["population"].sum())
    large = villages.select(lambda v: v.population > 5000)
    assert 0 < len(large) < len(villages)
    villages.set("mixed", 1)
    assert model.world.villages["mixed"].all()
    assert set(_all(model, UNPatrol).get("type_name")) >= {"quick_reaction", "infantry", "police"}
    assert {v.cercle_name for v in villages} == set(SMALL)


@pytest.mark.parametrize("field", ["id", "site", "first_reach"])
def test_identities_cannot_be_set(model: CentralMali, field: str) -> None:
    agent = next(a for kind in (Militia, NationalForceUnit) for a in _all(model, kind) if hasattr(type(a), field))
    with pytest.raises(AttributeError, match="cannot be set"):
        setattr(agent, field, 1)


def test_a_unit_is_moved_in_the_table_and_on_the_grid(model: CentralMali) -> None:
    unit = next(iter(_all(model, UNPatrol)))
    number = (int(model.world.un_units["cell"][unit.row]) + 7) % model.geography.n
    unit.relocate(model.mesa_cell(number))
    assert model.world.un_units["cell"][unit.row] == number
    assert unit in model.mesa_cell(number).agents
    assert unit.x == model.world.cells["x"][number]


def test_a_unit_cannot_leave_the_region(model: CentralMali) -> None:
    outside = next(
        model.grid[ix, iy]
        for ix in range(model.geography.nx)
        for iy in range(model.geography.ny)
        if model.geography.lookup[ix, iy] < 0
    )
    with pytest.raises(ValueError, match="outside Mopti and Ségou"):
        next(iter(_all(model, UNPatrol))).relocate(outside)


def test_units_move_with_the_day(model: CentralMali) -> None:
    places = set()
    for _ in range(DAYS):
        model.step()
        places |= {unit.cell.coordinate for unit in _all(model, UNPatrol)}
        cells = model.world.un_units["cell"]
        assert all(u.cell.coordinate == _coordinate(model, cells[u.row]) for u in _all(model, UNPatrol))
    assert len(places) > 10


def test_layers_are_copies_of_the_fields(model: CentralMali) -> None:
    for _ in range(DAYS):
        model.step()
    ix, iy = model.geography.ix, model.geography.iy
    assert model.grid.population.data[ix, iy].sum() == model.world.cells["population"].sum()
    for name in ("un_presence", "army_presence"):
        layer = getattr(model.grid, name).data
        assert 0.0 <= layer.min() < layer.max() <= 1.0
    for name in LAYERS:
        getattr(model.grid, name).data[...] = -1.0
    assert model.world.cells["heat"].min() >= 0.0
    model.step()
    assert model.grid.recent_attacks.data.min() >= 0.0


def test_presence_on_the_layer_is_what_the_model_holds(model: CentralMali) -> None:
    """Ogossagou's base, alone, gives its cell the presence of its stamp."""
    for _ in range(DAYS):
        model.step()
    slot = model.world.slots[0]
    held = -np.expm1(-model.world.cells["un_held"][slot.cell] * 2.0**-40)
    layer = model.grid.un_presence.data[_coordinate(model, slot.cell)]
    assert layer >= held > 0.5


def test_a_scenario_may_be_given_by_its_name() -> None:
    assert CentralMali("no-un", seed=1).policy.name == "no-un"


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seeds_out_of_range_are_refused(scenario: Scenario, seed: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        CentralMali(scenario, seed=seed)
