"""Calibration targets: named summary statistics, computed by the same code from recorded and from simulated events.

Both pass through :class:`~calibration.aggregates.Aggregates`, which hold exactly what the embedded tables hold: a run,
a user's file of events and the tables of 2017-2020 (ACLED, aggregated) meet there::

    observed = embedded().in_year(2020)
    simulated = [aggregate(of_run(records)) for records in runs]
    rows = compare(observed, simulated)

Statistics with ``by_year`` follow ``in_year``; the tables of sizes, near repeats, followers, places and victims are
pooled over the four years, so that a score of 2020 that uses them has seen 2017-2019 too. Of near repeats the excess
per event is what compares between one year and four: expected pairs, and with them ratios, grow with the number of
events. Scale discrepancies by ``Statistic.tolerance`` of the observed aggregates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.aggregates import Aggregates as Aggregates
from calibration.aggregates import aggregate as aggregate
from calibration.event_sets import EventSet as EventSet
from calibration.event_sets import of_file as of_file
from calibration.event_sets import of_run as of_run
from calibration.statistic import Statistic as Statistic
from calibration.target_counts import COUNT_STATISTICS
from calibration.target_pairs import PAIR_STATISTICS
from calibration.target_sizes import SIZE_STATISTICS
from calibration.target_tables import embedded as embedded

STATISTICS: tuple[Statistic, ...] = (*COUNT_STATISTICS, *SIZE_STATISTICS, *PAIR_STATISTICS)
GROUPS = tuple(dict.fromkeys(statistic.group for statistic in STATISTICS))
INTERVAL = (0.05, 0.95)  # quantiles of runs that a row shows


@dataclass(frozen=True)
class TargetRow:
    """A statistic observed beside simulated.

    Args:
        name, label, group, unit: as of the statistic.
        observed: value of the observed aggregates.
        tolerance: its standard error.
        simulated: mean over runs in which the statistic is a number; not a number if it is in none.
        low, high: bounds of the middle 90 % of those runs.
        error: simulated less observed, in tolerances.
        inside: whether the observed value lies between the bounds.
    """

    name: str
    label: str
    group: str
    unit: str
    observed: float
    tolerance: float
    simulated: float
    low: float
    high: float
    error: float
    inside: bool


def values(aggregates: Aggregates) -> dict[str, float]:
    """All statistics by name, in the order of STATISTICS; not a number where the aggregates do not tell one."""
    return {statistic.name: statistic.value(aggregates) for statistic in STATISTICS}


def tolerances(observed: Aggregates) -> dict[str, float]:
    """Standard errors of all statistics of observed aggregates, by name."""
    return {statistic.name: statistic.tolerance(observed) for statistic in STATISTICS}


def _row(statistic: Statistic, observed: Aggregates, simulated: Sequence[Aggregates]) -> TargetRow:
    found = np.array([statistic.value(run) for run in simulated])
    known = found[np.isfinite(found)]
    recorded, tolerance = statistic.value(observed), statistic.tolerance(observed)
    mean, low, high = (known.mean(), *np.quantile(known, INTERVAL)) if known.size else (math.nan,) * 3
    return TargetRow(
        name=statistic.name,
        label=statistic.label,
        group=statistic.group,
        unit=statistic.unit,
        observed=recorded,
        tolerance=tolerance,
        simulated=float(mean),
        low=float(low),
        high=float(high),
        error=float((mean - recorded) / tolerance) if tolerance > 0 else math.nan,
        inside=bool(low <= recorded <= high),
    )


def compare(
    observed: Aggregates, simulated: Sequence[Aggregates], statistics: Sequence[Statistic] = STATISTICS
) -> list[TargetRow]:
    """Statistics observed and simulated, the largest error first; those that are no numbers come last.

    Args:
        observed: ``embedded()`` or a cut of it, or the aggregates of a user's file.
        simulated: of runs, at least one; of the same months, or levels and seasons do not compare.
        statistics: which; by default all.

    Raises:
        ValueError: there is no run.
    """
    if not simulated:
        raise ValueError("simulated: expected the aggregates of at least one run")
    rows = [_row(statistic, observed, simulated) for statistic in statistics]
    return sorted(rows, key=lambda row: -abs(row.error) if math.isfinite(row.error) else math.inf)
