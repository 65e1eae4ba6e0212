"""The embedded monthly record as arrays, cut off before a month: what a forecaster may know, and nothing later.

A record is counted by month, cercle and kind (who against whom). Months are numbered from year 0 (year × 12 + month
- 1), so that they subtract. Forecasts of one kind, or of all kinds together, are of the sum over ``target``; the other
kinds stay in the record for those who can learn from them.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from abm.calendar import day_of
from abm.data import read_table
from abm.geography import CERCLES, cercle_index
from abm.kinds import KINDS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

TABLE = "events_by_month_cercle_kind_2017_2020"
# Recorded, but no action of the model: events between jihadist groups, and what fits no other kind.
UNMODELLED_KINDS = ("jihadists_v_jihadists", "other")
RECORDED_KINDS = KINDS + UNMODELLED_KINDS
MEAN_MONTH_DAYS = 365.25 / 12


def month_number(text: str) -> int:
    """Months since year 0 of a month written ``2018-07``; ValueError if it is not written so."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise ValueError(f"expected a month such as 2018-07, got {text!r}")
    return int(text[:4]) * 12 + int(text[5:]) - 1


def month_name(number: int) -> str:
    """The inverse of :func:`month_number`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_start(number: int) -> date:
    """First day of a numbered month."""
    return date(number // 12, number % 12 + 1, 1)


def first_day(number: int) -> int:
    """Its day number (see :mod:`abm.calendar`)."""
    return day_of(month_start(number))


def days_in_month(first: int, months: int) -> Floats:
    """Length of months from ``first`` on, in mean months of 30.4 days: shape (months,)."""
    numbers = range(first, first + months)
    return np.array([calendar.monthrange(n // 12, n % 12 + 1)[1] for n in numbers]) / MEAN_MONTH_DAYS


@dataclass(frozen=True, eq=False)
class RecordTable:
    """Recorded events and deaths, each of shape (months, 15 cercles, kinds), from month ``first`` on.

    ``target`` names the kinds whose sum is to be forecast. ``known`` (15,) says of which cercles there is a record:
    columns of the others are zero and mean nothing.
    """

    first: int
    events: Integers
    deaths: Integers
    kinds: tuple[str, ...]
    target: tuple[str, ...]
    known: Booleans

    def __post_init__(self) -> None:
        expected = (self.events.shape[0], len(CERCLES), len(self.kinds))
        for name, counts in (("events", self.events), ("deaths", self.deaths)):
            if counts.shape != expected:
                raise ValueError(f"{name}: expected an array of shape {expected}, got {counts.shape}")
            if (counts < 0).any():
                raise ValueError(f"{name}: expected counts of 0 or more")
        if not self.target or not set(self.target) <= set(self.kinds):
            raise ValueError(f"target: expected kinds among {', '.join(self.kinds)}; got {', '.join(self.target)}")
        if self.known.shape != (len(CERCLES),):
            raise ValueError(f"known: expected an array of shape ({len(CERCLES)},), got {self.known.shape}")

    @property
    def months(self) -> int:
        """How many months are recorded."""
        return int(self.events.shape[0])

    @property
    def end(self) -> int:
        """The first month that is not recorded."""
        return self.first + self.months

    @property
    def target_columns(self) -> list[int]:
        """Positions of the target's kinds on the last axis."""
        return [self.kinds.index(kind) for kind in self.target]

    @property
    def target_events(self) -> Integers:
        """Events of the target's kinds, shape (months, 15)."""
        return np.asarray(self.events[:, :, self.target_columns].sum(axis=2), dtype=np.int64)

    @property
    def target_deaths(self) -> Integers:
        """Deaths in events of the target's kinds, shape (months, 15)."""
        return np.asarray(self.deaths[:, :, self.target_columns].sum(axis=2), dtype=np.int64)

    def fingerprint(self) -> str:
        """SHA-256 of all counts, in hexadecimal: two records that agree in it say the same of the same months."""
        return hashlib.sha256(self.events.tobytes() + self.deaths.tobytes()).hexdigest()

    def before(self, month: int) -> RecordTable:
        """What was recorded before a month: copies, so that no later number can be reached from them.

        Raises:
            ValueError: the month is not after the first recorded one, or later than the month after the last; months
                without a record would look like months without events.
        """
        if not self.first < month <= self.end:
            bounds = f"from {month_name(self.first + 1)} to {month_name(self.end)}"
            raise ValueError(f"origin: expected a month {bounds}, got {month_name(month)}")
        kept = month - self.first
        return replace(self, events=self.events[:kept].copy(), deaths=self.deaths[:kept].copy())

    def aimed_at(self, kinds: Sequence[str]) -> RecordTable:
        """The same record, to forecast the sum over these kinds."""
        return replace(self, target=tuple(kinds))

    def without(self, cercles: Sequence[int]) -> RecordTable:
        """The record as if nothing were known of some cercles (positions in CERCLES)."""
        known = self.known.copy()
        known[list(cercles)] = False
        return replace(self, events=self.events * known[:, None], deaths=self.deaths * known[:, None], known=known)


@lru_cache(maxsize=1)
def recorded() -> RecordTable:
    """The whole embedded record, aimed at events of all kinds: ACLED 2017-2020, aggregated."""
    rows = read_table(TABLE)
    numbers = [month_number(row["month"]) for row in rows]
    first, months = min(numbers), max(numbers) - min(numbers) + 1
    events = np.zeros((months, len(CERCLES), len(RECORDED_KINDS)), np.int64)
    deaths = np.zeros_like(events)
    for number, row in zip(numbers, rows, strict=True):
        place = (number - first, cercle_index(row["cercle"]), RECORDED_KINDS.index(row["kind"]))
        events[place] += int(row["events"])
        deaths[place] += int(row["deaths"])
    events.setflags(write=False)
    deaths.setflags(write=False)
    known = np.ones(len(CERCLES), np.bool_)
    known.setflags(write=False)
    return RecordTable(first, events, deaths, RECORDED_KINDS, RECORDED_KINDS, known)


def recorded_before(month: int | str) -> RecordTable:
    """What the embedded record held before a month, a number or written ``2018-07``."""
    return recorded().before(month_number(month) if isinstance(month, str) else month)
