"""The Mesa face: a model whose agents are windows on the tables that the compiled day reads and writes."""

from __future__ import annotations

from datetime import date
from typing import Any

import mesa
import numpy as np
from mesa.discrete_space import OrthogonalMooreGrid

from abm.agents import Militia, NationalForceUnit, UNPatrol, Village
from abm.calendar import date_of
from abm.geography import Grid
from abm.geometry import geometry, shape_of
from abm.parameters import Parameters
from abm.presence import UNIT, decayed
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import Checkpoint, Simulation
from abm.tables import Floats, World

LAYERS = ("population", "un_presence", "army_presence", "recent_attacks")


class CentralMali(mesa.Model):  # type: ignore[misc]
    """Central Mali as a Mesa model; ``step()`` is one day.

    Args:
        scenario: a scenario, or the name of a shipped one.
        parameters: numbers; defaults where not given.
        seed: seed of the run.

    Stepping it gives the records of :func:`abm.simulate` with the same arguments, to the bit. Agents are found as in
    any Mesa model (``agents_by_type[Village]`` and so on); ``grid`` is the Mesa grid, with the property layers
    ``population``, ``un_presence`` and ``army_presence`` (0 to 1) and ``recent_attacks``, copies made after each step.
    """

    def __init__(
        self, scenario: Scenario | str = "baseline-2021", parameters: Parameters | None = None, seed: int = 0
    ) -> None:
        # Mesa's own generator is seeded but never drawn from: all draws are keyed.
        super().__init__(rng=int(seed))
        chosen = Scenario.load(scenario) if isinstance(scenario, str) else scenario
        self.simulation = Simulation(chosen, parameters, seed=int(seed))
        levers = chosen.world
        self.geography: Grid = geometry(levers, shape_of(self.simulation.parameters)).grid
        self.grid = OrthogonalMooreGrid((self.geography.nx, self.geography.ny), torus=False, random=self.random)
        self._number_of = {
            (int(ix), int(iy)): number
            for number, (ix, iy) in enumerate(zip(self.geography.ix, self.geography.iy, strict=True))
        }
        for kind, table in (
            (Village, self.world.villages),
            (Militia, self.world.militias),
            (NationalForceUnit, self.world.national_forces),
            (UNPatrol, self.world.un_units),
        ):
            for row in range(table.size):
                kind(self, row)
        for name in LAYERS:
            self.grid.create_property_layer(name, default_value=0.0, dtype=float)
        self._copy_layers()

    @property
    def world(self) -> World:
        """The tables."""
        return self.simulation.world

    @property
    def policy(self) -> Scenario:
        """The scenario that is run (Mesa 3.5 keeps the name ``scenario`` for its own)."""
        return self.simulation.scenario

    @property
    def parameters(self) -> Parameters:
        """The numbers it is run with."""
        return self.simulation.parameters

    @property
    def day(self) -> int:
        """Next day to run, counted from ``abm.calendar.DAY_ZERO``."""
        return self.simulation.day

    @property
    def date(self) -> date:
        """The same as a date."""
        return date_of(self.day)

    def step(self) -> None:
        """Run one day."""
        self.simulation.advance(1)
        self._refresh()

    def records(self) -> Records:
        """Records so far."""
        return self.simulation.records()

    def checkpoint(self) -> Checkpoint:
        """Copy of the state."""
        return self.simulation.checkpoint()

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back, or forward, to a checkpoint of this model; ``steps`` follows."""
        self.simulation.restore(checkpoint)
        self.steps = self.day - self.simulation.first_day
        self._refresh()

    def mesa_cell(self, number: int) -> Any:
        """Mesa cell of one of our cells."""
        return self.grid[int(self.geography.ix[number]), int(self.geography.iy[number])]

    def cell_number(self, cell: Any) -> int:
        """Our cell of a Mesa cell.

        Raises:
            ValueError: the cell lies outside Mopti and Ségou.
        """
        coordinate = tuple(int(c) for c in cell.coordinate)
        if coordinate not in self._number_of:
            raise ValueError(f"cell {coordinate} lies outside Mopti and Ségou")
        return self._number_of[coordinate]

    def _refresh(self) -> None:
        for kind in (NationalForceUnit, UNPatrol):
            for unit in self.agents_by_type.get(kind, ()):
                unit.follow()
        self._copy_layers()

    def _layer(self, name: str) -> Floats:
        cells, p = self.world.cells, self.parameters
        today = max(self.day - 1, self.simulation.first_day)
        if name == "population":
            return cells["population"].astype(np.float64)
        if name == "recent_attacks":
            return _faded(cells["heat"], cells["heat_day"], today, p.heat_half_life)
        if name == "army_presence":
            trace = _faded(cells["army_trace"], cells["army_trace_day"], today, p.patrol_effect_days)
            return -np.expm1(-(cells["army_held"] + trace) * UNIT)
        patrol = _faded(cells["un_patrol"], cells["un_patrol_day"], today, p.patrol_effect_days)
        after = _faded(cells["un_after"], cells["un_after_day"], today, p.persistence_days)
        return -np.expm1(-(cells["un_held"] + patrol + after) * UNIT)

    def _copy_layers(self) -> None:
        for name in LAYERS:
            values = np.zeros((self.geography.nx, self.geography.ny))
            values[self.geography.ix, self.geography.iy] = self._layer(name)
            getattr(self.grid, name).data[...] = values


def _faded(values: Any, days: Any, today: int, half_life: float) -> Floats:
    """Values of all cells as they are today, for showing."""
    return np.array([decayed(float(v), int(d), today, half_life) for v, d in zip(values, days, strict=True)])


__all__ = ["CentralMali", "Militia", "NationalForceUnit", "UNPatrol", "Village"]
