"""The pseudo-border: places of Koro and Bankass near Burkina Faso, with the UN and, under the same draws, without.

Nomikos compares the two sides of the border in Mopti. The model ends there, so the far side is the mirror image of the
near one: the same places, bands and draws, with presence zero. Unlike at a real border, nothing else differs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.calendar import day_of, months_after
from abm.geography import FINEST_KM, build_grid, cercle_index, fine_cells
from abm.kinds import INTERCOMMUNAL_KINDS
from abm.parameters import Parameters
from abm.presence import UNIT
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import Table
from calibration.event_panels import NO_PLACE, Bools, Floats, Panel, attempts, month_starts, panel
from runs.parallel import Tick

CERCLES = ("Koro", "Bankass")
BORDER_KM = 50.0
COVERED = 0.05  # mean presence of a run above which a cell counts as covered: as in `displacement_below`
CELL_KM, SMALL_KM = 10, 5


@lru_cache(maxsize=1)
def frontier() -> Floats:
    """Middles in km, (n, 2), of the sides of 5 km cells of Koro and Bankass beyond which the region ends.

    All other neighbours of the two cercles are cercles of Mopti and Ségou, so beyond these sides lies Burkina Faso.
    """
    fine = fine_cells()
    known = set(zip(fine.ix.tolist(), fine.iy.tolist(), strict=True))
    ours = np.isin(fine.cercle, [cercle_index(name) for name in CERCLES])
    sides = [
        (ix + 0.5 + 0.5 * dx, iy + 0.5 + 0.5 * dy)
        for ix, iy in zip(fine.ix[ours].tolist(), fine.iy[ours].tolist(), strict=True)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        if (ix + dx, iy + dy) not in known
    ]
    return FINEST_KM * np.array(sides)


@lru_cache(maxsize=4)
def border_zone(size_km: int) -> Bools:
    """Cells of Koro and Bankass, of a grid over the whole region, whose centre lies within BORDER_KM of the border."""
    grid, ends = build_grid(size_km), frontier()
    km = np.hypot(grid.x[:, None] - ends[:, 0], grid.y[:, None] - ends[:, 1]).min(axis=1)
    zone: Bools = np.isin(grid.cercle, [cercle_index(name) for name in CERCLES]) & (km <= BORDER_KM)
    return zone


def presence_now(cells: Table, day: int, parameters: Parameters) -> Floats:
    """UN presence in 0..1 in each cell on a day, as :func:`abm.presence.un_presence` has it."""
    pressure = cells["un_held"].astype(np.float64)
    for name, half_life in (
        ("un_patrol", parameters.patrol_effect_days),
        ("un_after", parameters.persistence_days),
    ):
        age = np.maximum(day - cells[f"{name}_day"], 0)
        left = np.exp2(-age / half_life) if half_life > 0.0 else (age == 0).astype(np.float64)
        pressure = pressure + cells[name] * left
    return -np.expm1(-pressure * UNIT)


def run_with_presence(scenario: Scenario, parameters: Parameters, seed: int, tick: Tick) -> tuple[Records, Floats]:
    """One run, and its mean UN presence in each 10 km cell of a grid over the whole region."""
    simulation = Simulation(scenario, parameters, seed=seed)
    end = months_after(day_of(scenario.start), scenario.months)
    total = np.zeros(simulation.world.cells.size)
    while simulation.day < end:
        simulation.advance(1)
        total += presence_now(simulation.world.cells, simulation.day - 1, parameters)
        tick(simulation.day)
    cells, grid = simulation.world.cells, build_grid(CELL_KM)
    presence = np.zeros(grid.n)
    presence[grid.cells_of(cells["x"], cells["y"])] = total / (simulation.day - simulation.first_day)
    return simulation.records(), presence


def violence(records: Records, size_km: int) -> Panel:
    """Communal violence by cell of a grid over the whole region and whole month of a run."""
    grid = build_grid(size_km)
    tried = attempts(records, INTERCOMMUNAL_KINDS)
    place = grid.cells_of(tried.x, tried.y)
    place[place >= 0] = np.where(border_zone(size_km)[place[place >= 0]], place[place >= 0], NO_PLACE)
    return panel(tried, place, grid.n, month_starts(records.first_day, records.scenario.months))


class Chances(NamedTuple):
    """Expected cell-months with communal violence in a set of cells, and those in which it begins."""

    any: float
    onset: float


def chances(found: Panel, where: Bools) -> Chances:
    """Expected cell-months with violence, and with violence after a month with none (the first month has no onset)."""
    expected = found.expected_any[where]
    calm_before = 1.0 - found.any[where][:, :-1]
    return Chances(float(expected.sum()), float((expected[:, 1:] * calm_before).sum()))
