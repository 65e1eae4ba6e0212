"""Events of a run by place and month, as counted and as expected.

What is expected has far less noise than what is counted: a candidate attack adds the chance that it stood, whether or
not it did. Summed over the candidates that came about, these chances have the same mean as the count, and summed up to
the first event of a place and month the same mean as "any event" (optional stopping).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.calendar import months_after
from abm.kinds import KINDS, PREVENTED, REALISED_ELSEWHERE
from abm.records import Records

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_PLACE = -1


@dataclass(frozen=True, eq=False)
class Attempts:
    """Candidate events in the order of the log: arrays of shape (n,).

    ``counted`` is 1 where one happened, ``expected`` the chance that it did; deaths likewise. Places are in km.
    """

    day: Ints
    x: Floats
    y: Floats
    counted: Floats
    expected: Floats
    deaths: Floats
    expected_deaths: Floats


def attempts(records: Records, kinds: Iterable[str]) -> Attempts:
    """Candidate events of some kinds.

    An attack realised elsewhere is two: one that did not happen, at the village first tried, with its chance to stand
    there, and one that did, where it did (how likely that was is not logged: it counts as it came).
    """
    numbers = [KINDS.index(kind) for kind in kinds]
    events = records.events[np.isin(records.events["kind"], numbers)]
    elsewhere = events["outcome"] == REALISED_ELSEWHERE
    # First the village left, then the other one.
    rows = np.repeat(np.arange(events.size), 1 + elsewhere)
    left = np.zeros(rows.size, np.bool_)
    left[np.flatnonzero(elsewhere) + np.arange(np.count_nonzero(elsewhere))] = True
    e = events[rows]
    moved = elsewhere[rows] & ~left
    tried = records.villages[np.where(left, e["elsewhere_from"], 0)]
    counted = ((e["outcome"] != PREVENTED) & ~left).astype(np.float64)
    expected = np.where(moved, 1.0, e["stands"])
    return Attempts(
        day=e["day"].astype(np.int64),
        x=np.where(left, tried["x"], e["x"]),
        y=np.where(left, tried["y"], e["y"]),
        counted=counted,
        expected=expected,
        deaths=counted * e["deaths"],
        expected_deaths=expected * e["mean_deaths"],
    )


class Panel(NamedTuple):
    """Events by place and month, arrays of shape (places, months): any event (0 or 1), events, deaths."""

    any: Floats
    events: Floats
    deaths: Floats
    expected_any: Floats
    expected_events: Floats
    expected_deaths: Floats


def month_starts(first_day: int, months: int) -> Ints:
    """First days of so many months from the first of a month, and the day after the last: shape (months + 1,)."""
    return np.array([months_after(first_day, month) for month in range(months + 1)], dtype=np.int64)


def panel(tried: Attempts, place: Ints, places: int, starts: Ints) -> Panel:
    """Candidates by place, (n,) with NO_PLACE for those left out, and by month."""
    months = starts.size - 1
    month = np.searchsorted(starts, tried.day, side="right") - 1
    inside = (place != NO_PLACE) & (month >= 0) & (month < months)
    key = (place * months + month)[inside]

    def total(weights: Floats) -> Floats:
        sums: Floats = np.bincount(key, weights, minlength=places * months).astype(np.float64)
        return sums.reshape(places, months)

    counted, expected = tried.counted[inside], tried.expected[inside]
    events = total(counted)
    return Panel(
        any=(events > 0.0).astype(np.float64),
        events=events,
        deaths=total(tried.deaths[inside]),
        expected_any=total(expected * _none_before(key, counted)),
        expected_events=total(expected),
        expected_deaths=total(tried.expected_deaths[inside]),
    )


def _none_before(key: Ints, counted: Floats) -> Bools:
    """Whether nothing had happened yet under the same key when each candidate came, in the order of the log."""
    order = np.argsort(key, kind="stable")
    before = np.cumsum(counted[order]) - counted[order]
    first = np.searchsorted(key[order], key[order], side="left")
    none = np.empty(key.size, np.bool_)
    none[order] = before == before[first]
    return none
