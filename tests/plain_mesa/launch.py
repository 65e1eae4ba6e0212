"""Start the twin beside the compiled model: a stretch of days, run by both from the same world."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import MUTABLE

TESTS = Path(__file__).resolve().parent.parent
LOGS = {"events": "n_events", "operations": "n_operations", "days": "n_days", "cases": "n_cases"}
Tables = Mapping[str, Any]


@dataclass(frozen=True)
class Stretch:
    """Some days of a run, and all arrays of the world on the morning of the first."""

    scenario: Scenario
    parameters: Parameters
    seed: int
    day: int
    days: int
    arrays: Tables


def begin(simulation: Simulation, days: int) -> Stretch:
    """The stretch that a simulation is about to run."""
    arrays = {name: np.array(array) for name, array in simulation.world._asdict().items()}
    return Stretch(simulation.scenario, simulation.parameters, simulation.seed, simulation.day, days, arrays)


def compiled_tables(simulation: Simulation) -> Tables:
    """All tables that change during a run, logs cut to the rows in use."""
    world, state = simulation.world, simulation.world.state[0]
    return {name: getattr(world, name)[: state[LOGS[name]] if name in LOGS else None] for name in MUTABLE}


def run_twin(stretch: Stretch, folder: Path, fault: str | None = None) -> Tables:
    """The same tables after the twin has run the stretch, in a process of its own where nothing is compiled."""
    folder.mkdir(parents=True, exist_ok=True)
    world, out, order = folder / "world.npz", folder / "twin.npz", folder / "order.json"
    np.savez(world, **stretch.arrays)
    wanted = {
        "scenario": stretch.scenario.model_dump_json(),
        "parameters": stretch.parameters.model_dump_json(),
        "seed": stretch.seed,
        "day": stretch.day,
        "days": stretch.days,
        "world": str(world),
        "out": str(out),
        "fault": fault,
    }
    order.write_text(json.dumps(wanted))
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path}
    command = [sys.executable, "-m", "plain_mesa.run", str(order)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(out) as tables:
        return dict(tables)
