"""Dates are read in the one way that the whole column allows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from event_samples import (
    GAO,
    acled,
    dropped,
    written,
)
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import date_of, day_of
from calibration.event_files import read_events
from calibration.event_summary import Reason
from calibration.event_text import EventFileError


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-12", "2020/03/12", "2020-03-12 00:00:00.000", "2020-03-12T00:00:00Z", "12 March 2020", "12-Mar-20",
        "12 mar 2020", "12-March-2020", "March 12, 2020",
    ],
)  # fmt: skip
def test_dates_that_say_what_they_are(tmp_path: Path, text: str) -> None:
    file = read_events(written(tmp_path, [acled(1, event_date=text)]))
    assert date_of(file.events.day[0]) == date(2020, 3, 12)
    assert file.summary.first == file.summary.last == date(2020, 3, 12)


@pytest.mark.parametrize(
    ("dates", "expected", "remark"),
    [
        (["05/03/2020", "25/03/2020"], [(3, 5), (3, 25)], "dates are day/month/year: 25/03/2020 in line 4"),
        (["05/03/2020", "03/25/2020"], [(3, 25), (5, 3)], "dates are month/day/year: 03/25/2020 in line 4"),
        (["5.3.20", "31.12.20"], [(3, 5), (12, 31)], "dates are day/month/year: 31.12.20 in line 4"),
        (["03/03/2020", "04/04/2020"], [(3, 3), (4, 4)], ""),
        (["2020-03-05", "6 April 2020"], [(3, 5), (4, 6)], "dates are written in more than one way"),
    ],
)
def test_the_column_as_a_whole_says_which_number_is_the_day(
    tmp_path: Path, dates: list[str], expected: list[tuple[int, int]], remark: str
) -> None:
    rows = [acled(number, event_date=text) for number, text in enumerate(dates)]
    events, summary = read_events(written(tmp_path, rows))
    assert [(date_of(day).month, date_of(day).day) for day in events.day] == expected
    assert any(remark in line for line in summary.remarks) if remark else not summary.remarks


def test_rows_outside_the_region_help_to_decide(tmp_path: Path) -> None:
    rows = [acled(1, event_date="05/03/2020"), acled(2, event_date="25/03/2020", **GAO)]
    events, _ = read_events(written(tmp_path, rows))
    assert date_of(events.day[0]) == date(2020, 3, 5)


def test_a_column_that_does_not_decide_is_never_guessed(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1, event_date="05/03/2020"), acled(2, event_date="45/45/2020")])
    with pytest.raises(EventFileError, match=r"event_date: no date .* \(05/03/2020 in line 2 may be either\)"):
        read_events(path)
    for day_first, expected in ((True, date(2020, 3, 5)), (False, date(2020, 5, 3))):
        events, summary = read_events(path, day_first=day_first)
        assert date_of(events.day[0]) == expected
        assert any("as asked" in remark for remark in summary.remarks)


def test_a_column_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1, event_date="25/03/2020"), acled(2, event_date="03/25/2020")])
    with pytest.raises(EventFileError, match=r"25/03/2020 in line 2 has the day first, 03/25/2020 in line 4 the month"):
        read_events(path)
    events, summary = read_events(path, day_first=True)
    assert date_of(events.day[0]) == date(2020, 3, 25)
    assert dropped(summary) == {Reason.DATE: (4,)}


@pytest.mark.parametrize("text", ["", "unknown", "2020-02-30", "31 June 2020", "12 Ma 2020", "43902", "0000-01-01"])
def test_dates_that_are_none_are_dropped(tmp_path: Path, text: str) -> None:
    _, summary = read_events(written(tmp_path, [acled(1), acled(2, event_date=text)]))
    assert dropped(summary) == {Reason.DATE: (4,)}


@given(
    days=st.lists(st.integers(0, 10_000), min_size=1, max_size=12),
    style=st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%d-%b-%y", "%d/%m/%Y", "%m/%d/%Y"]),
)
def test_dates_come_back_in_every_style(tmp_path_factory: pytest.TempPathFactory, days: list[int], style: str) -> None:
    """With a 31st in the column there is but one way to read it."""
    days = [*days, day_of(date(2019, 12, 31))]
    rows = [acled(number, event_date=date_of(day).strftime(style)) for number, day in enumerate(days)]
    events, _ = read_events(written(tmp_path_factory.mktemp("dates"), rows))
    assert events.day.tolist() == sorted(days)
