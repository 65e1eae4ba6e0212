"""Running a comparison: every arm under common draws, until 36 months after clock zero; only summaries are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from abm.calendar import DAY_ZERO
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import STRETCH, Simulation, horizon
from runs.design import FIRST_BASE, Design
from runs.outcomes import COURSES, MEASURES, Months, measure, monthly
from runs.parallel import Tick, run_all
from runs.rings import Attacks, attacks_on_civilians, compared

Floats = NDArray[np.float64]
NEVER = -1


@dataclass(frozen=True)
class Replicate:
    """Summaries of one draw and seed.

    Clock zero or NEVER, and the day from which windows count; outcomes by arm and window; monthly courses by arm;
    attacks on civilians by distance from extra bases for arms that have any, as in :func:`runs.rings.compared`.
    """

    draw: int
    seed: int
    clock: int
    outcomes: dict[tuple[str, str], dict[str, float]]
    months: Months
    courses: dict[str, dict[str, Floats]]
    rings: dict[str, Floats]
    zero: int = NEVER


def advance_to(simulation: Simulation, day: int, tick: Tick) -> None:
    """Run on until a day, pausing often enough to be stopped."""
    while simulation.day < day:
        simulation.advance(min(STRETCH, day - simulation.day))
        tick(simulation.day)


def advance_to_clock_zero(simulations: Iterable[Simulation], tick: Tick) -> int:
    """Run on side by side until an extra TOB works in any, or until waiting for it ends; clock zero or NEVER.

    Side by side, because an arm that never has an extra TOB would otherwise be run until all waiting ends.
    """
    together = list(simulations)
    end = max((horizon(simulation.scenario) for simulation in together), default=0)
    while (clock := _earliest(together)) == NEVER and any(s.day < end for s in together):
        day = min(simulation.day for simulation in together) + STRETCH
        for simulation in together:
            advance_to(simulation, min(day, end), tick)
    return clock


def _earliest(simulations: list[Simulation]) -> int:
    return _first(s.clock_zero for s in simulations)


def _first(days: Iterable[int]) -> int:
    return min((day for day in days if day >= 0), default=NEVER)


def run_replicate(
    design: Design, draw: int, seed: int, tick: Tick, see: Callable[[Scenario, Records], object] | None = None
) -> Replicate:
    """All arms of one draw and seed.

    Clock zero is the earliest day on which an extra TOB works in any arm, and counts for all arms. Where none ever does
    (the authorities never permit the land), windows count from the decision and the draw is kept: what then differs
    between the arms is measured, not assumed. Where the design counts from another day, windows do, and clock zero is
    only noted.

    Args:
        design: arms, draws and seeds.
        draw: number of the draw in the design.
        seed: number of the seed in the draw.
        tick: called now and then; raises to give up.
        see: called with each arm and its records, the control first.
    """
    parameters = design.parameters(draw)

    def start(arm: Scenario) -> Simulation:
        return Simulation(design.in_world(arm, draw), parameters, seed=design.run_seed(draw, seed))

    simulations: dict[str, Simulation] = {}
    clock = NEVER
    if design.count_from == FIRST_BASE:
        simulations = {arm.name: start(arm) for arm in design.arms if arm.package.units}
        clock = advance_to_clock_zero(simulations.values(), tick)
    zero = clock if clock != NEVER else design.zero
    found = Replicate(draw, seed, clock, {}, np.empty(0, dtype="datetime64[M]"), {}, {}, zero)
    control = None
    opened: list[int] = []
    for arm in design.arms:  # the control first
        simulation = simulations.pop(arm.name) if arm.name in simulations else start(arm)
        advance_to(simulation, design.end(zero), tick)
        opened.append(simulation.clock_zero)
        records = simulation.records()
        if see is not None:
            see(arm, records)
        control = attacks_on_civilians(records) if control is None else control
        found = _with(found, design, zero, arm, records, control)
    return found if design.count_from == FIRST_BASE else replace(found, clock=_first(opened))


def _with(found: Replicate, design: Design, zero: int, arm: Scenario, records: Records, control: Attacks) -> Replicate:
    """A replicate with the summaries of one more arm."""
    outcomes = {(arm.name, w.name): measure(records, w.first, w.last) for w in design.windows(zero)}
    all_months, courses = monthly(records)
    kept = (all_months + 1).astype("datetime64[D]") <= np.datetime64(DAY_ZERO, "D") + design.end(zero)
    rings = {}
    if can_hold_bases(arm):
        window = design.longest(zero)
        rings[arm.name] = compared(records, control, window.first, window.last)
    return replace(
        found,
        outcomes={**found.outcomes, **outcomes},
        months=all_months[kept],
        courses={**found.courses, arm.name: {key: values[kept] for key, values in courses.items()}},
        rings={**found.rings, **rings},
    )


def can_hold_bases(arm: Scenario) -> bool:
    """Whether a package brings units that may hold a temporary operating base."""
    return any(line.mobile for line in arm.package.units)


@dataclass(frozen=True)
class Comparison:
    """Everything a comparison keeps.

    ``values[arm, window, measure]`` has shape (K draws, S seeds); ``clock`` (K, S) holds day numbers or NEVER;
    ``months`` are those that every run covers and ``courses[arm, column]`` has shape (K, S, months). ``rings[arm]``,
    for arms that may have extra bases, has shape (K, S, 2 arms, 2 ways of counting, rings): see :mod:`runs.rings`.
    """

    design: Design
    windows: tuple[str, ...]
    values: dict[tuple[str, str, str], Floats]
    clock: NDArray[np.int64]
    months: Months
    courses: dict[tuple[str, str], Floats]
    rings: dict[str, Floats]

    def pair(self, arm: str, window: str, key: str, against: str | None = None) -> tuple[Floats, Floats]:
        """Values of a treated arm and of another, the control if none is named, each (K, S)."""
        return self.values[arm, window, key], self.values[against or self.design.control.name, window, key]


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
    rings = {arm: np.array([r.rings[arm] for r in ordered]) for arm in ordered[0].rings}
    rings = {arm: counts.reshape(*shape, *counts.shape[1:]) for arm, counts in rings.items()}
    return Comparison(design, windows, values, clock, months, courses, rings)
