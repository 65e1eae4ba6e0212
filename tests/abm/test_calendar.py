"""Days, months and seasons against the standard library's dates."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import (
    CALENDAR_DTYPE,
    DAY_ZERO,
    DAYS_PER_MONTH,
    DRY,
    FLOOD,
    LAST_DATE,
    RAINS,
    RAINS_AND_FLOOD,
    SEASONS,
    calendar_table,
    date_of,
    day_of,
    months_after,
    season_of_month,
)

DATES = st.dates(DAY_ZERO, LAST_DATE)


def test_the_table_has_every_day_of_the_calendar_once() -> None:
    table = calendar_table()
    assert table.size == (LAST_DATE - DAY_ZERO).days + 1
    assert table.dtype == CALENDAR_DTYPE
    for day, row in enumerate(table):
        when = DAY_ZERO + timedelta(days=day)
        assert row.month == when.month - 1
        assert row.month_number == (when.year - 2017) * 12 + when.month - 1
        assert row.season == season_of_month(when.month)
    with pytest.raises(ValueError, match="read-only"):
        table[0].month = 5


def test_rains_fall_july_to_september_and_the_delta_is_flooded_august_to_december() -> None:
    seasons = [season_of_month(month) for month in range(1, 13)]
    assert [m + 1 for m, s in enumerate(seasons) if s in (RAINS, RAINS_AND_FLOOD)] == [7, 8, 9]
    assert [m + 1 for m, s in enumerate(seasons) if s in (FLOOD, RAINS_AND_FLOOD)] == [8, 9, 10, 11, 12]
    assert seasons[:6] == [DRY] * 6
    assert len(SEASONS) == 4


@pytest.mark.parametrize("month", [-1, 0, 13])
def test_a_month_that_does_not_exist_is_refused(month: int) -> None:
    with pytest.raises(ValueError, match=f"month {month}"):
        season_of_month(month)


@given(DATES)
def test_day_numbers_and_dates_are_each_others_inverse(when: date) -> None:
    assert date_of(day_of(when)) == when
    assert day_of(when) == when.toordinal() - date(2017, 1, 1).toordinal()


@pytest.mark.parametrize("when", [DAY_ZERO - timedelta(days=1), LAST_DATE + timedelta(days=1), date(1, 1, 1)])
def test_dates_outside_the_calendar_are_refused_by_name(when: date) -> None:
    with pytest.raises(ValueError, match=f"{when} lies outside 2017-01-01 to 2044-12-31"):
        day_of(when)


@given(st.dates(DAY_ZERO, date(2034, 12, 31)), st.integers(0, 120))
def test_months_after_is_the_same_day_of_a_later_month_or_its_last(start: date, months: int) -> None:
    reached = date_of(months_after(day_of(start), months))
    assert (reached.year - start.year) * 12 + reached.month - start.month == months
    assert reached.day == min(start.day, calendar.monthrange(reached.year, reached.month)[1])


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2020, 1, 31), 1, date(2020, 2, 29)),  # a leap year
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 12, 15), 1, date(2021, 1, 15)),
        (date(2021, 3, 31), 6, date(2021, 9, 30)),
    ],
)
def test_months_after_by_hand(start: date, months: int, expected: date) -> None:
    assert date_of(months_after(day_of(start), months)) == expected


def test_months_after_the_end_of_the_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="lies outside"):
        months_after(day_of(date(2044, 12, 1)), 1)


def test_the_mean_month_is_that_of_the_julian_year() -> None:
    # An assumption of all rates "per month": 12 of them make 365.25 days.
    assert pytest.approx(365.25) == 12 * DAYS_PER_MONTH
