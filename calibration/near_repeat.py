"""Near repeats: pairs of events close in space and time against what dates permuted within quarters would give.

The expectation is exact, not sampled: for each pair of quarters, spatially close pairs times the share of their date
pairs that lie within the window (Knox 1964, Applied Statistics 13(1), with the permutation done in closed form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from abm.calendar import DAY_ZERO
from abm.data import read_table

Booleans = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DISTANCES_KM = (5.0, 15.0, 30.0, 60.0)
WINDOWS_DAYS = (3, 7, 14, 30)
SHORTEST_QUARTER = 90  # days: windows up to here reach no further than the next quarter
_EPOCH = np.datetime64(DAY_ZERO.isoformat(), "D")


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


class Pairs(NamedTuple):
    """Unordered pairs of events, each once: rows of both, and how many km they lie apart."""

    first: Integers
    second: Integers
    km: Floats

    def among(self, member: Booleans) -> Pairs:
        """The pairs of which both events are members."""
        kept = member[self.first] & member[self.second]
        return Pairs(self.first[kept], self.second[kept], self.km[kept])


class Quarters(NamedTuple):
    """Calendar quarters that hold some days: number of each day's quarter from 0, and where quarters begin.

    ``starts`` has one entry more than there are quarters; it and ``offset`` of each day count from the first quarter's
    first day.
    """

    number: Integers
    offset: Integers
    starts: Integers


def months_of(day: Integers) -> Integers:
    """Months since year 0 (year × 12 + month - 1) of day numbers, which may lie before day zero."""
    months = (_EPOCH + day.astype("timedelta64[D]")).astype("datetime64[M]").astype(np.int64)
    return months + 1970 * 12


def month_starts(months: Integers) -> Integers:
    """Day numbers of the first days of months since year 0."""
    first = (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
    return (first - _EPOCH).astype(np.int64)


def quarter_of(day: Integers) -> Integers:
    """Running number of the calendar quarter of each day."""
    return months_of(day) // 3


def quarters_of(day: Integers) -> Quarters:
    """The quarters from the earliest to the latest of some days, at least one of them."""
    quarter = quarter_of(day)
    first, last = int(quarter.min()), int(quarter.max())
    starts = month_starts(3 * np.arange(first, last + 2))
    return Quarters(quarter - first, day - starts[0], starts - starts[0])


def close_pairs(x: Floats, y: Floats, within_km: float = DISTANCES_KM[-1]) -> Pairs:
    """Pairs of events at (x, y) km that lie within a distance."""
    places = np.column_stack([x, y])
    pairs = cKDTree(places).query_pairs(within_km, output_type="ndarray") if len(places) else np.zeros((0, 2), np.int64)
    first, second = pairs[:, 0], pairs[:, 1]
    apart = np.sqrt((x[first] - x[second]) ** 2 + (y[first] - y[second]) ** 2)
    return Pairs(first, second, np.minimum(apart, within_km))  # the tree and this sum may differ in the last bit


def daily_counts(quarters: Quarters, members: Booleans) -> Integers:
    """Events of each set by day from the first quarter's first day: (sets, events) to (sets, days)."""
    days = int(quarters.starts[-1])
    return np.array([np.bincount(quarters.offset[member], minlength=days) for member in members])


def lagged_date_pairs(daily: Integers, starts: Integers, windows: Sequence[int]) -> Integers:
    """Pairs of dates of which the second follows the first after 1 to so many days.

    Args:
        daily: events of each set by day, shape (sets, days).
        starts: where quarters begin among those days, and the end.
        windows: days, none longer than a quarter.

    Returns:
        Counts of shape (2, windows, sets of the first, sets of the second, quarters of the first): with the second
        date in the same quarter, and in the next.
    """
    if max(windows) > SHORTEST_QUARTER:
        raise ValueError(f"windows: expected at most {SHORTEST_QUARTER} days, got {max(windows)}")
    sets, days = daily.shape
    before = np.zeros((sets, days + 1), np.int64)
    np.cumsum(daily, axis=1, out=before[:, 1:])
    day = np.arange(days)
    quarter = np.searchsorted(starts, day, side="right") - 1
    end = starts[quarter + 1]
    reach = np.minimum(day + np.array(windows)[:, None] + 1, days)
    same = before[:, np.minimum(reach, end)] - before[:, day + 1][:, None]
    following = before[:, np.maximum(reach, end)] - before[:, end][:, None]
    ahead = np.stack([same, following])  # same or next, sets of the second, windows, days
    pairs = daily[None, None, :, None] * ahead.transpose(0, 2, 1, 3)[:, :, None]
    return np.add.reduceat(pairs, starts[:-1], axis=-1)


def shares_of(pairs: Floats, possible: Floats) -> Floats:
    """Pairs over possible pairs, zero where none are possible."""
    none = np.zeros(np.broadcast_shapes(pairs.shape, possible.shape))
    shares: Floats = np.divide(pairs, possible, out=none, where=possible > 0)
    return shares


def with_next(by_quarter: Integers) -> Integers:
    """Events of the next quarter beside those of each, zero after the last: (..., quarters) to the same shape."""
    following = np.zeros_like(by_quarter)
    following[..., :-1] = by_quarter[..., 1:]
    return following


def _near_date_shares(quarters: Quarters, members: Booleans) -> Floats:
    """Share of date pairs within each window, shape (sets, 2, windows, quarters): in one quarter, and with the next."""
    daily = daily_counts(quarters, members)
    own = np.arange(len(members))
    later = lagged_date_pairs(daily, quarters.starts, WINDOWS_DAYS)[:, :, own, own]  # same or next, windows, sets
    n = np.add.reduceat(daily, quarters.starts[:-1], axis=1)
    on_one_day = np.add.reduceat(daily * (daily - 1), quarters.starts[:-1], axis=1) / 2
    within = shares_of(later[0] + on_one_day, n * (n - 1) / 2)
    across = shares_of(later[1].astype(np.float64), (n * with_next(n)).astype(np.float64))
    shares: Floats = np.stack([within, across]).transpose(2, 0, 1, 3)
    return shares


def knox(day: Integers, pairs: Pairs, members: Booleans) -> tuple[Integers, Floats]:
    """Observed and expected near pairs within sets of events.

    Args:
        day: day number of each event.
        pairs: pairs within the largest of the distances.
        members: which events belong to each set, shape (sets, events).

    Returns:
        Two arrays of shape (sets, 4 distances, 4 windows).
    """
    shape = (len(members), len(DISTANCES_KM), len(WINDOWS_DAYS))
    observed, expected = np.zeros(shape, np.int64), np.zeros(shape)
    if day.size == 0:
        return observed, expected
    quarters = quarters_of(day)
    shares = _near_date_shares(quarters, members)
    n_quarters, n_km, n_days = shares.shape[-1], len(DISTANCES_KM), len(WINDOWS_DAYS)
    gap = np.abs(day[pairs.first] - day[pairs.second])
    one, other = quarters.number[pairs.first], quarters.number[pairs.second]
    low, ahead = np.minimum(one, other), np.abs(one - other)
    distance = np.searchsorted(DISTANCES_KM, pairs.km)
    by_gap = distance * (n_days + 1) + np.searchsorted(WINDOWS_DAYS, gap)
    by_quarter = np.where(ahead <= 1, (distance * 2 + ahead) * n_quarters + low, n_km * 2 * n_quarters)
    for s, member in enumerate(members):
        kept = member[pairs.first] & member[pairs.second]
        seen = np.bincount(by_gap[kept], minlength=n_km * (n_days + 1)).reshape(n_km, n_days + 1)
        observed[s] = seen.cumsum(axis=0).cumsum(axis=1)[:, :n_days]
        near = np.bincount(by_quarter[kept], minlength=n_km * 2 * n_quarters + 1)[:-1].reshape(n_km, 2, n_quarters)
        expected[s] = np.einsum("kaq,awq->kw", near.cumsum(axis=0), shares[s])
    return observed, expected


def near_repeats(day: Integers, x: Floats, y: Floats) -> list[NearRepeat]:
    """Near repeats of events at (x, y) km for all distances and windows."""
    observed, expected = knox(day, close_pairs(x, y), np.ones((1, day.size), np.bool_))
    return [
        NearRepeat(km, days, int(observed[0, k, w]), float(expected[0, k, w]))
        for k, km in enumerate(DISTANCES_KM)
        for w, days in enumerate(WINDOWS_DAYS)
    ]


def recorded_ratios(events: str = "all") -> dict[tuple[float, int], float]:
    """Recorded ratios of 2017-2020 by distance and window (ACLED)."""
    rows = read_table("near_repeat_knox_2017_2020")
    return {(float(r["within_km"]), int(r["within_days"])): float(r["ratio"]) for r in rows if r["events"] == events}
