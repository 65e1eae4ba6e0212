"""Running a comparison: every arm under common draws, until 36 months after clock zero; only summaries are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from abm.calendar import DAY_ZERO
from abm.scenario import Scenario
from abm.simulation import STRETCH, Simulation, horizon
from runs.design import Design
from runs.outcomes import MEASURES, Months, measure, monthly
from runs.parallel import Tick, run_all

Floats = NDArray[np.float64]
NEVER = -1
COURSES = ("troops", "extra_troops", "mobile_troops", "tobs", "extra_tobs")


@dataclass(frozen=True)
class Replicate:
    """Summaries of one draw and seed: clock zero or NEVER, outcomes by arm and window, monthly courses by arm."""

    draw: int
    seed: int
    clock: int
    outcomes: dict[tuple[str, str], dict[str, float]]
    months: Months
    courses: dict[str, dict[str, Floats]]


def advance_to(simulation: Simulation, day: int, tick: Tick) -> None:
    """Run on until a day, pausing often enough to be stopped."""
    while simulation.day < day:
        simulation.advance(min(STRETCH, day - simulation.day))
        tick(simulation.day)


def advance_to_clock_zero(simulation: Simulation, tick: Tick) -> None:
    """Run on until an extra TOB works, or until waiting for it ends."""
    end = horizon(simulation.scenario)
    while simulation.clock_zero < 0 and simulation.day < end:
        advance_to(simulation, min(simulation.day + STRETCH, end), tick)


def run_replicate(design: Design, draw: int, seed: int, tick: Tick) -> Replicate:
    """All arms of one draw and seed.

    Clock zero is the earliest day on which an extra TOB works in any arm, and counts for all arms. Where none ever does
    (the authorities never permit the land), windows count from the decision and the draw is kept: what then differs
    between the arms is measured, not assumed.
    """
    parameters = design.parameters(draw)

    def start(arm: Scenario) -> Simulation:
        return Simulation(design.in_world(arm, draw), parameters, seed=design.run_seed(draw, seed))

    simulations = {arm.name: start(arm) for arm in design.arms if arm.package.units}
    for simulation in simulations.values():
        advance_to_clock_zero(simulation, tick)
    clock = min((s.clock_zero for s in simulations.values() if s.clock_zero >= 0), default=NEVER)
    zero = clock if clock != NEVER else design.decision
    outcomes, courses, months = {}, {}, np.empty(0, dtype="datetime64[M]")
    for arm in design.arms:
        name = arm.name
        simulation = simulations.pop(name) if name in simulations else start(arm)
        advance_to(simulation, design.end(zero), tick)
        records = simulation.records()
        for window in design.windows(zero):
            outcomes[name, window.name] = measure(records, window.first, window.last)
        all_months, all_courses = monthly(records, COURSES)
        kept = (all_months + 1).astype("datetime64[D]") <= np.datetime64(DAY_ZERO, "D") + design.end(zero)
        months, courses[name] = all_months[kept], {key: values[kept] for key, values in all_courses.items()}
    return Replicate(draw, seed, clock, outcomes, months, courses)


@dataclass(frozen=True)
class Comparison:
    """Everything a comparison keeps.

    ``values[arm, window, measure]`` has shape (K draws, S seeds); ``clock`` (K, S) holds day numbers or NEVER;
    ``months`` are those that every run covers and ``courses[arm, column]`` has shape (K, S, months).
    """

    design: Design
    windows: tuple[str, ...]
    values: dict[tuple[str, str, str], Floats]
    clock: NDArray[np.int64]
    months: Months
    courses: dict[tuple[str, str], Floats]

    def pair(self, arm: str, window: str, key: str) -> tuple[Floats, Floats]:
        """Values of a treated arm and of the control, each (K, S)."""
        return self.values[arm, window, key], self.values[self.design.control.name, window, key]


def compare(design: Design, workers: int | None = None, done: Callable[[], object] | None = None) -> Comparison:
    """Run all replicates of a design in threads.

    Args:
        design: arms, draws and seeds.
        workers: threads; the cores by default.
        done: called each time a replicate (one run of each arm) is done.
    """
    tasks = list(product(range(design.draws), range(design.seeds)))
    replicates = run_all(lambda task, tick: run_replicate(design, task[0], task[1], tick), tasks, workers, done)
    return gather(design, replicates)


def gather(design: Design, replicates: list[Replicate]) -> Comparison:
    """Arrays over draws and seeds; windows and months that some replicate does not cover are left out."""
    shape = (design.draws, design.seeds)
    names = [window for _, window in replicates[0].outcomes]
    every = set.intersection(*({window for _, window in r.outcomes} for r in replicates))
    windows = tuple(window for window in dict.fromkeys(names) if window in every)
    months = min((r.months for r in replicates), key=len)
    ordered = sorted(replicates, key=lambda r: (r.draw, r.seed))

    def stack(values: list[float]) -> Floats:
        return np.array(values, dtype=np.float64).reshape(shape)

    arms = [arm.name for arm in design.arms]
    values = {
        (arm, window, key): stack([r.outcomes[arm, window][key] for r in ordered])
        for arm, window, key in product(arms, windows, MEASURES)
    }
    courses = {
        (arm, column): np.array([r.courses[arm][column][: len(months)] for r in ordered]).reshape(*shape, len(months))
        for arm, column in product(arms, COURSES)
    }
    clock = np.array([r.clock for r in ordered], dtype=np.int64).reshape(shape)
    return Comparison(design, windows, values, clock, months, courses)
