"""The model against the record of 2020: simulated, observed and error, worst first.

The rates were fitted to the same year, so this is a check in sample: it shows where the model fails even there, and
nothing about other years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.data import read_table, source_of
from abm.geography import CERCLES
from abm.kinds import KINDS, PREVENTED
from abm.parameters import Parameters
from abm.scenario import Scenario
from runs.parallel import Tick, run_all
from runs.statistics import quantiles

SCENARIO = "history-2020"
YEAR = "2020"
RECORD = "events_by_month_cercle_kind_2017_2020"
RUNS = 200
KIND, CERCLE, TOTAL = "kind", "cercle", "total"

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class CheckLine:
    """Events or deaths of one kind, cercle or the total in 2020: recorded, mean of runs, 90 % range of one run."""

    by: str
    name: str
    what: str
    observed: int
    simulated: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Simulated minus observed."""
        return self.simulated - self.observed

    @property
    def inside(self) -> bool:
        """Whether the record lies within the range of one run."""
        return self.low <= self.observed <= self.high

    @property
    def relative(self) -> float:
        """Error as a share of what was recorded; of one where nothing was."""
        return self.error / max(self.observed, 1)

    @property
    def misfit(self) -> float:
        """How far the record lies from the mean of runs, in half-widths of their range."""
        half = max(0.5 * (self.high - self.low), 1.0)
        return abs(self.error) / half


@dataclass(frozen=True)
class Check:
    """All lines, the worst first within each grouping (:func:`worst_first`), and how many runs they rest on."""

    runs: int
    lines: tuple[CheckLine, ...]
    left_out: dict[str, int]

    def of(self, by: str, what: str) -> list[CheckLine]:
        """Lines by "kind", "cercle" or "total" of "events" or "deaths"."""
        return [line for line in self.lines if line.by == by and line.what == what]


def observed() -> tuple[Counts, dict[str, int]]:
    """Recorded events and deaths of 2020, shape (2, kinds, cercles), and events of kinds that are not modelled."""
    found = np.zeros((2, len(KINDS), len(CERCLES)), dtype=np.int64)
    left_out: dict[str, int] = {}
    for row in read_table(RECORD):
        if not row["month"].startswith(YEAR):
            continue
        if row["kind"] not in KINDS:
            left_out[row["kind"]] = left_out.get(row["kind"], 0) + int(row["events"])
            continue
        place = KINDS.index(row["kind"]), CERCLES.index(row["cercle"])
        found[(0, *place)] += int(row["events"])
        found[(1, *place)] += int(row["deaths"])
    return found, left_out


def simulated(scenario: Scenario, parameters: Parameters, seed: int, tick: Tick) -> Counts:
    """Events and deaths of one run, shape (2, kinds, cercles)."""
    from abm import simulate

    records = simulate(scenario.changed(world={"seed": seed}), parameters, seed=seed, progress=tick)
    happened = records.events[records.events["outcome"] != PREVENTED]
    found = np.zeros((2, len(KINDS), len(CERCLES)), dtype=np.int64)
    np.add.at(found[0], (happened["kind"], happened["cercle"]), 1)
    np.add.at(found[1], (happened["kind"], happened["cercle"]), happened["deaths"])
    return found


def check_2020(
    runs: int = RUNS,
    parameters: Parameters | None = None,
    scenario: Scenario | None = None,
    workers: int | None = None,
    done: Callable[[], object] | None = None,
) -> Check:
    """Run 2020 again with `runs` seeds, each with its own synthetic world, and hold it against the record.

    Args:
        runs: number of runs.
        parameters: defaults where not given.
        scenario: the shipped ``history-2020`` where not given.
        workers: threads; the cores by default.
        done: called each time a run is done.
    """
    scenario = scenario or Scenario.load(SCENARIO)
    used = parameters or Parameters()
    each = run_all(lambda seed, tick: simulated(scenario, used, seed, tick), range(runs), workers, done)
    return against_record(np.array(each))


def against_record(each: Counts) -> Check:
    """Lines from runs of shape (runs, 2, kinds, cercles)."""
    record, left_out = observed()
    lines = [
        *_lines(KIND, KINDS, each.sum(axis=3), record.sum(axis=2)),
        *_lines(CERCLE, CERCLES, each.sum(axis=2), record.sum(axis=1)),
        *_lines(TOTAL, ("all",), each.sum(axis=(2, 3))[..., None], record.sum(axis=(1, 2))[:, None]),
    ]
    return Check(len(each), tuple(sorted(lines, key=worst_first)), left_out)


def worst_first(line: CheckLine) -> tuple[bool, float]:
    """Key that sorts what lies outside the range of runs first, then by the size of the relative error."""
    return line.inside, -abs(line.relative)


def _lines(by: str, names: tuple[str, ...], runs: Counts, record: Counts) -> list[CheckLine]:
    """One line for each name and for events and deaths; runs (n, 2, names), record (2, names)."""
    found = []
    for w, what in enumerate(("events", "deaths")):
        for n, name in enumerate(names):
            values = runs[:, w, n].astype(np.float64)
            low, high = quantiles(values)
            found.append(CheckLine(by, name, what, int(record[w, n]), float(values.mean()), low, high))
    return found


def record_source() -> str:
    """Where the recorded figures come from."""
    return source_of(RECORD)
