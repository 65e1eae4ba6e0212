"""Run the twin in this process, with Numba switched off: ``python -m plain_mesa.run ORDER.json``.

The order names a scenario and parameters (as JSON), a seed, the day to start on, how many days to run, an ``.npz`` file
with the arrays of a world on that day, the ``.npz`` file to write, and the fault to plant, if any.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numba import config

from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.world import yearly_abuses
from plain_mesa.build import build, tables_of
from plain_mesa.faults import FAULTS, FAULTS_WHEN_TOLD
from plain_mesa.numbers import Numbers


def main(order_file: str) -> None:
    if not config.DISABLE_JIT:
        sys.exit("plain_mesa.run: NUMBA_DISABLE_JIT=1 must be set: compiled rules are no oracle of compiled rules")
    np.seterr(over="ignore")  # the mixing of keys is meant to overflow
    order = json.loads(Path(order_file).read_text())
    if order["fault"]:
        (FAULTS | FAULTS_WHEN_TOLD)[order["fault"]]()
    scenario = Scenario.model_validate_json(order["scenario"])
    numbers = Numbers(scenario, Parameters.model_validate_json(order["parameters"]), yearly_abuses())
    with np.load(order["world"]) as arrays:
        model = build(dict(arrays), numbers, order["seed"], order["day"])
    for _ in range(order["days"]):
        model.step()
    np.savez(order["out"], **tables_of(model))


if __name__ == "__main__":
    main(sys.argv[1])
