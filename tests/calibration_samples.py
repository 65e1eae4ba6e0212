"""A made-up simulator in the place of the model's: statistics that tell of two of the inferred parameters only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.randomness import uniforms
from abm.rates import Rates, default_rates
from calibration.posterior import used_statistics
from calibration.reference_table import ReferenceTable
from calibration.simulator import INFERRED
from calibration.table_workers import identity

Floats = NDArray[np.float64]
TOLD_OF = ("n_same", "raid_km")
NOISE = 0.15  # of what is told, in standard deviations of the parameter's transformed prior


@dataclass(frozen=True)
class Telling:
    """Parameters from their priors; of the first two statistics each is a parameter with noise, the rest are noise."""

    rates: Rates | None = None
    parameters: tuple[str, ...] = INFERRED
    statistics: tuple[str, ...] = used_statistics()

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"toy": True, "rates": (self.rates or default_rates()).model_dump(mode="json"), **identity()}

    def __call__(self, number: int) -> tuple[Floats, Floats]:
        u = uniforms(number, 72, np.arange(len(INFERRED) + len(self.statistics), dtype=np.int64), 98, 0)
        declared = declarations(Parameters)
        theta = [declared[n].prior.quantile(v, declared[n].default) for n, v in zip(INFERRED, u.tolist(), strict=False)]
        statistics: Floats = special.ndtri(u[len(INFERRED) :])
        for place, name in enumerate(TOLD_OF):
            told = special.ndtri(u[INFERRED.index(name)])
            statistics[place] = told + NOISE * statistics[place]
        return np.array(theta), statistics


def toy_table(size: int) -> ReferenceTable:
    """Rows of :class:`Telling`."""
    simulator = Telling()
    theta, statistics = (np.array(part) for part in zip(*map(simulator, range(size)), strict=True))
    return ReferenceTable(np.arange(size), theta, statistics, INFERRED, simulator.statistics, dict(simulator.settings))
