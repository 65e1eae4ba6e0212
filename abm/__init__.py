"""The model: what there is in central Mali and what it does.

The names below are loaded when first used: a batch never pays for importing Mesa.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.draws import draw_parameters
    from abm.model import CentralMali
    from abm.parameters import Parameters
    from abm.records import Records
    from abm.scenario import Scenario
    from abm.simulation import Simulation, simulate

_HOMES = {
    "CentralMali": "abm.model",
    "Parameters": "abm.parameters",
    "Records": "abm.records",
    "Scenario": "abm.scenario",
    "Simulation": "abm.simulation",
    "draw_parameters": "abm.draws",
    "simulate": "abm.simulation",
}
__all__ = ["CentralMali", "Parameters", "Records", "Scenario", "Simulation", "draw_parameters", "simulate"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'abm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
