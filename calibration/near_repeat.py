"""Near repeats: pairs of events close in space and time against what dates permuted within quarters would give.

The expectation is exact, not sampled: for each pair of quarters, spatially close pairs times the share of their date
pairs that lie within the window (Knox 1964, Applied Statistics 13(1), with the permutation done in closed form).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from abm.calendar import date_of
from abm.data import read_table

DISTANCES_KM = (5.0, 15.0, 30.0, 60.0)
WINDOWS_DAYS = (3, 7, 14, 30)


@dataclass(frozen=True)
class NearRepeat:
    """Pairs of events within a distance and a window of days."""

    km: float
    days: int
    observed: int
    expected: float

    @property
    def ratio(self) -> float:
        """Observed over expected pairs; not a number where none are expected."""
        return self.observed / self.expected if self.expected > 0 else float("nan")


def quarter_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Running number of the calendar quarter of each day."""
    dates = [date_of(d) for d in day.tolist()]
    return np.array([when.year * 4 + (when.month - 1) // 3 for when in dates], np.int64)


def _date_pair_share(one: NDArray[np.int64], other: NDArray[np.int64], days: int, same: bool) -> float:
    """Share of pairs of dates, one from each quarter, that lie within `days`."""
    near = np.abs(one[:, None] - other[None, :]) <= days
    if not same:
        return float(near.mean())
    n = one.size
    return float((near.sum() - n) / (n * (n - 1))) if n > 1 else 0.0


def near_repeats(day: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]) -> list[NearRepeat]:
    """Near repeats of events at (x, y) km for all distances and windows."""
    quarter = quarter_of(day)
    dates = {q: day[quarter == q] for q in np.unique(quarter).tolist()}
    tree = cKDTree(np.column_stack([x, y]))
    results = []
    for km in DISTANCES_KM:
        pairs = tree.query_pairs(km, output_type="ndarray")
        first, second = pairs[:, 0], pairs[:, 1]
        gap = np.abs(day[first] - day[second])
        low, high = np.minimum(quarter[first], quarter[second]), np.maximum(quarter[first], quarter[second])
        groups, counts = np.unique(np.column_stack([low, high]), axis=0, return_counts=True)
        for days in WINDOWS_DAYS:
            expected = 0.0
            for (a, b), count in zip(groups.tolist(), counts.tolist(), strict=True):
                if b - a <= 1 + days // 90:
                    expected += count * _date_pair_share(dates[a], dates[b], days, a == b)
            results.append(NearRepeat(km, days, int((gap <= days).sum()), expected))
    return results


def recorded_ratios(events: str = "all") -> dict[tuple[float, int], float]:
    """Recorded ratios of 2017-2020 by distance and window (ACLED)."""
    rows = read_table("near_repeat_knox_2017_2020")
    return {(float(r["within_km"]), int(r["within_days"])): float(r["ratio"]) for r in rows if r["events"] == events}
