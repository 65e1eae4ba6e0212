"""Days, months and seasons. Day 0 is 1 January 2017, the first day of the event record."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DAY_ZERO = date(2017, 1, 1)
LAST_DATE = date(2044, 12, 31)
DAYS_PER_MONTH = 365.25 / 12
WEEK = 7  # days

DRY, RAINS, RAINS_AND_FLOOD, FLOOD = range(4)
SEASONS = ("dry season", "rains", "rains and flood", "flood")
# Rains July to September (Protection Cluster Mali 2020); flood of the Inner Niger Delta August to December (common
# knowledge, from encyclopaedias).
_SEASON_OF_MONTH = (DRY,) * 6 + (RAINS,) + (RAINS_AND_FLOOD,) * 2 + (FLOOD,) * 3

CALENDAR_DTYPE = np.dtype(
    (np.record, np.dtype([("month", "i8"), ("month_number", "i8"), ("season", "i8")], align=True))
)


def season_of_month(month: int) -> int:
    """Season (0 dry, 1 rains, 2 rains and flood, 3 flood) of a month 1..12.

    Raises:
        ValueError: there is no such month.
    """
    if not 1 <= month <= 12:
        raise ValueError(f"month {month} does not exist; expected 1 to 12")
    return _SEASON_OF_MONTH[month - 1]


def day_of(when: date) -> int:
    """Days since day zero.

    Raises:
        ValueError: the date lies before the record begins or beyond the calendar's end.
    """
    if not DAY_ZERO <= when <= LAST_DATE:
        raise ValueError(f"date {when} lies outside {DAY_ZERO} to {LAST_DATE}")
    return (when - DAY_ZERO).days


def date_of(day: int) -> date:
    """The date of a day number."""
    return DAY_ZERO + timedelta(days=int(day))


def months_after(day: int, months: int) -> int:
    """Day number `months` calendar months after `day` (the last day of the month where the day does not exist)."""
    start = date_of(day)
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return day_of(first + timedelta(days=min(start.day, (following - first).days) - 1))


@lru_cache(maxsize=1)
def calendar_table() -> NDArray[np.void]:
    """One row per day from day zero: month 0..11, months since January 2017, season."""
    days = (LAST_DATE - DAY_ZERO).days + 1
    table = np.zeros(days, CALENDAR_DTYPE)
    for day in range(days):
        when = date_of(day)
        table[day] = (when.month - 1, (when.year - DAY_ZERO.year) * 12 + when.month - 1, season_of_month(when.month))
    table.setflags(write=False)
    return table
