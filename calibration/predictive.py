"""Posterior predictive runs of 2017-2020: do simulated records look like the recorded one?

Each run takes a draw of the embedded posterior through the four recorded years. How violent each cercle was in each
year is taken from the record (a gamma draw of what its count leaves open); months, weeks, places, series, sizes and
victims are the model's own, and are compared with the targets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import numpy as np
from scipy.special import gammaincinv

from abm.draws import DRAWS, JEFFREYS, draw_parameters
from abm.geography import CERCLES
from abm.kinds import KINDS
from abm.lived import LivedHistory
from abm.randomness import uniforms
from abm.scenario import Scenario
from abm.simulation import simulate
from abm.tables import LIVED
from calibration.aggregates import Aggregates, aggregate
from calibration.event_sets import of_run
from calibration.record_table import Floats, recorded
from calibration.targets import TargetRow, compare, embedded
from runs.parallel import Tick, run_all

RUNS = 200
FIRST_YEAR, YEARS, FITTED = 2017, 4, 3  # rates are fitted to the last of the four
FIRST_SEED = 3_000_000_000
# Process of abm.randomness kept for this module; agent = cercle, day = year, draw = number of the run.
LEVELS = 74


@lru_cache(maxsize=1)
def yearly_counts() -> Floats:
    """Recorded events of modelled kinds by year and cercle: shape (4, 15)."""
    events = recorded().aimed_at(KINDS).target_events
    return np.asarray(events.reshape(YEARS, 12, len(CERCLES)).sum(axis=1), dtype=np.float64)


def yearly_course(run: int) -> Floats:
    """Multiples of the rates of 2020 by month and cercle, shape (48, 15), as the record of each year leaves them open.

    A cercle's count is known as a gamma draw (Jeffreys' prior of a Poisson rate), relative to what 2020 is fitted to;
    in 2020 itself the draw of parameters carries the doubt.
    """
    counts = yearly_counts()
    agents = np.arange(len(CERCLES), dtype=np.int64)
    u = np.array([uniforms(0, LEVELS, agents, year, run) for year in range(YEARS)])
    level = gammaincinv(counts + JEFFREYS, u) / (counts[FITTED] + JEFFREYS)
    level[FITTED] = 1.0
    return np.repeat(level, 12, axis=0)


def run_record(number: int, tick: Tick | None = None) -> Aggregates:
    """Aggregates of a run of 2017-2020 with draw ``number`` mod DRAWS of the posterior."""
    draw = number % DRAWS
    scenario = Scenario.load("history-2020").changed(
        start=date(FIRST_YEAR, 1, 1), months=12 * YEARS, world={"seed": draw}
    )
    told = LivedHistory(0, np.zeros(0, LIVED), yearly_course(number))
    records = simulate(scenario, draw_parameters(draw), seed=FIRST_SEED + number, history=told, progress=tick)
    return aggregate(of_run(records))


def predictive(
    runs: int = RUNS, workers: int | None = None, done: Callable[[], object] | None = None
) -> list[Aggregates]:
    """Aggregates of so many runs."""
    return run_all(run_record, range(runs), workers, done)


def checked(simulated: list[Aggregates]) -> list[TargetRow]:
    """All targets, observed and simulated, the largest error first."""
    return compare(embedded(), simulated)
