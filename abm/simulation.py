"""Running the model without Mesa: build, advance in stretches, grow logs, checkpoint and restore."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.calendar import calendar_table, day_of, months_after
from abm.compiled_parameters import Compiled, compile_parameters
from abm.deployment import LONGEST_WAIT_MONTHS
from abm.lived import LivedHistory
from abm.parameters import Parameters
from abm.records import Records, collect
from abm.scenario import Scenario
from abm.schedule import advance
from abm.tables import MUTABLE, Table, World
from abm.world import build_world, yearly_abuses

STRETCH = 90  # days between pauses, for progress, interruption and checkpoints
WATCH = 28  # the same while waiting for clock zero: no shorter than the shortest month
GROWING = ("events", "operations", "cases", "days")
MOST_SEED = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A copy of all that changes during a run, and the next day to run."""

    day: int
    tables: dict[str, Table]


def _grown(table: Table) -> Table:
    larger = np.zeros(2 * table.size, table.dtype)
    larger[: table.size] = table
    return larger


class Simulation:
    """One run that can be advanced, paused, copied and resumed.

    Args:
        scenario: levers.
        parameters: numbers; defaults where not given.
        seed: whole number from 0 to 2**63 - 1 that, with the inputs, determines every bit of the run.
        history: what the run is told instead of making it, see :mod:`abm.lived`.

    Raises:
        ValueError: the seed is out of range.
    """

    def __init__(
        self,
        scenario: Scenario,
        parameters: Parameters | None = None,
        *,
        seed: int = 0,
        history: LivedHistory | None = None,
    ) -> None:
        if not 0 <= seed <= MOST_SEED:
            raise ValueError(f"seed must lie between 0 and {MOST_SEED}, got {seed}")
        self.scenario = scenario
        self.parameters = parameters if parameters is not None else Parameters()
        self.seed = seed
        self.first_day = day_of(scenario.start)
        self.day = self.first_day
        self.world: World = build_world(scenario, self.parameters, history)
        self.compiled: Compiled = compile_parameters(scenario, self.parameters, yearly_abuses())

    @property
    def clock_zero(self) -> int:
        """First day an extra TOB worked, -1 so far none."""
        return int(self.world.state[0].clock_zero)

    def advance(self, days: int) -> None:
        """Run some days. Logs that fill up are grown on the way.

        Raises:
            ValueError: the calendar ends before.
        """
        last = self.day + days
        if last > calendar_table().size:
            raise ValueError(f"the calendar ends before day {last}")
        while self.day < last:
            reached = advance(self.world, self.compiled, self.seed, self.day, last - self.day)
            if reached < last:
                self._grow()
            self.day = reached

    def _grow(self) -> None:
        self.world = self.world._replace(**{name: _grown(getattr(self.world, name)) for name in GROWING})

    def checkpoint(self) -> Checkpoint:
        """Copy of the state."""
        return Checkpoint(self.day, {name: getattr(self.world, name).copy() for name in MUTABLE})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back (or forward) to a checkpoint of the same scenario, parameters and seed."""
        self.day = checkpoint.day
        self.world = self.world._replace(**{name: table.copy() for name, table in checkpoint.tables.items()})

    def records(self) -> Records:
        """Records so far."""
        return collect(self.world, self.scenario, self.parameters, self.seed, self.first_day, self.day)


def _end(simulation: Simulation, last_day: int, until_clock_months: int | None) -> int:
    """First day not to run, by what is known now."""
    if until_clock_months is None or simulation.clock_zero < 0:
        return last_day
    return months_after(simulation.clock_zero, until_clock_months)


def horizon(scenario: Scenario) -> int:
    """Day at which waiting for clock zero ends."""
    return months_after(day_of(max(scenario.start, scenario.package.decision)), LONGEST_WAIT_MONTHS + 12)


def simulate(
    scenario: Scenario,
    parameters: Parameters | None = None,
    *,
    seed: int = 0,
    days: int | None = None,
    until_clock_months: int | None = None,
    last_day: int | None = None,
    history: LivedHistory | None = None,
    progress: Callable[[int], Any] | None = None,
) -> Records:
    """Run one scenario once.

    Args:
        scenario: levers.
        parameters: numbers; defaults where not given.
        seed: the run's seed.
        days: length in days; by default the scenario's months.
        until_clock_months: instead, run on until so many months after clock zero (the first day an extra TOB works);
            if that never comes, until the horizon at which waiting ends.
        last_day: instead, the day number to stop before.
        history: what the run is told instead of making it, see :mod:`abm.lived`.
        progress: called with the day reached, at least every 90 simulated days.

    Returns:
        The records. The interpreter's lock is free while the compiled days run.
    """
    simulation = Simulation(scenario, parameters, seed=seed, history=history)
    if last_day is None:
        if days is not None:
            last_day = simulation.first_day + days
        elif until_clock_months is not None:
            last_day = horizon(scenario)
        else:
            last_day = months_after(simulation.first_day, scenario.months)
    while simulation.day < (end := _end(simulation, last_day, until_clock_months)):
        waiting = until_clock_months is not None and simulation.clock_zero < 0
        simulation.advance(min(WATCH if waiting else STRETCH, end - simulation.day))
        if progress is not None:
            progress(simulation.day)
    return simulation.records()
