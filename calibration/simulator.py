"""Rows of the reference table: a draw of all parameters from their priors, run through 2020, as summary statistics.

Only INFERRED parameters are learnt from the table; the others are drawn too, so that what is not known of them is in
the answer. Each row is a pure function of its number: parameters by keyed draws, one of WORLDS synthetic worlds, a seed
of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from abm.declarations import declarations
from abm.draws import first_factors, prior_parameters, scaled
from abm.parameters import Parameters
from abm.rates import Rates, default_rates
from abm.scenario import Scenario
from abm.simulation import simulate
from calibration.record_table import Floats
from calibration.table_workers import identity
from calibration.targets import STATISTICS, aggregate, of_run, values

INFERRED = ("n_same", "n_cross", "raid_half_life", "raid_km", "drift_step", "tail_exponent")
SCENARIO = "history-2020"
YEAR = 2020
WORLDS, ROWS_A_WORLD = 25, 100  # rows in the same world follow each other: building one costs more than a year in it
# Numbers of the draws of rows lie beyond those that comparisons use, and their seeds beyond those of the fit of rates.
FIRST_DRAW, FIRST_SEED = 1_000_000, 2_000_000_000


class History2020:
    """The simulator of a reference table: see :class:`calibration.table_workers.Simulator`."""

    def __init__(self, rates: Rates | None = None) -> None:
        self.rates = rates if rates is not None else default_rates()

    parameters = INFERRED
    statistics = tuple(statistic.name for statistic in STATISTICS)

    @cached_property
    def _scenarios(self) -> tuple[Scenario, ...]:
        return tuple(Scenario.load(SCENARIO).changed(world={"seed": world}) for world in range(WORLDS))

    @property
    def settings(self) -> Mapping[str, Any]:
        """What determines the numbers of a row besides its own."""
        drawn = declarations(Parameters)
        return {
            "scenario": self._scenarios[0].model_dump(mode="json"),
            "worlds": [WORLDS, ROWS_A_WORLD],
            "first_draw": FIRST_DRAW,
            "first_seed": FIRST_SEED,
            "priors": {name: str(drawn[name].prior) for name in drawn},
            "rates": self.rates.model_dump(mode="json"),
            **identity(),
        }

    def parameters_of(self, number: int) -> Parameters:
        """All parameters of a row, at rates that keep about the recorded level."""
        drawn = prior_parameters(FIRST_DRAW + number, self.rates)
        return scaled(drawn, first_factors(drawn))

    def __call__(self, number: int) -> tuple[Floats, Floats]:
        """Inferred parameters (6,) and statistics (s,) of a row."""
        parameters = self.parameters_of(number)
        records = simulate(self._scenarios[number // ROWS_A_WORLD % WORLDS], parameters, seed=FIRST_SEED + number)
        found = values(aggregate(of_run(records)).in_year(YEAR))
        theta = np.array([getattr(parameters, name) for name in INFERRED], dtype=np.float64)
        return theta, np.array([found[name] for name in self.statistics])
