"""What one run leaves behind: the event log, the operations log and daily totals, with the inputs that made them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from abm.kinds import PREVENTED
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.tables import Table, World


@dataclass(frozen=True, eq=False)
class Records:
    """Records of one run.

    Tables have the row types of :mod:`abm.tables`; days count from ``abm.calendar.DAY_ZERO``. ``last_day`` is the first
    day that was not run. ``clock_zero`` is the first day an extra TOB worked, -1 if none ever did. In ``events`` there
    is one row per candidate attack of a band, clash, abuse and attack on a patrol: those with outcome "prevented" did
    not happen.
    """

    scenario: Scenario
    parameters: Parameters
    seed: int
    first_day: int
    last_day: int
    clock_zero: int
    events: Table
    operations: Table
    days: Table
    villages: Table
    cells: Table
    un_units: Table

    @property
    def realised(self) -> Table:
        """Events that happened."""
        return self.events[self.events["outcome"] != PREVENTED]

    def fingerprint(self) -> str:
        """Hash of all records (16 hex digits): equal means equal to the bit."""
        digest = hashlib.sha256()
        for table in (self.events, self.operations, self.days):
            digest.update(np.ascontiguousarray(table).tobytes())
        return digest.hexdigest()[:16]


def collect(
    world: World, scenario: Scenario, parameters: Parameters, seed: int, first_day: int, next_day: int
) -> Records:
    """Copy the used rows of a world's logs."""
    state = world.state[0]
    return Records(
        scenario=scenario, parameters=parameters, seed=seed, first_day=first_day, last_day=next_day,
        clock_zero=int(state.clock_zero), events=world.events[: state.n_events].copy(),
        operations=world.operations[: state.n_operations].copy(), days=world.days[: state.n_days].copy(),
        villages=world.villages.copy(), cells=world.cells.copy(), un_units=world.un_units.copy(),
    )  # fmt: skip
