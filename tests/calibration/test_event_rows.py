"""Every row of an event file is kept or dropped for one reason; where events are."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from event_samples import (
    BANKASS,
    GAO,
    KORO,
    Cells,
    acled,
    dropped,
    written,
)
from hypothesis import given
from hypothesis import strategies as st

from abm.exports import ACLED_COLUMNS
from abm.geography import CERCLES, build_grid, cercle_index, fine_cells, to_lonlat
from calibration.event_files import NoEventsError, read_events
from calibration.event_summary import FileSummary, Reason

BAD_ROWS = [
    ({"latitude": ""}, Reason.COORDINATES),
    ({"latitude": "14°04'N"}, Reason.COORDINATES),
    ({"latitude": "nan"}, Reason.COORDINATES),
    ({"latitude": -3.516, "longitude": 14.078}, Reason.COORDINATES),
    ({"latitude": 140.78}, Reason.COORDINATES),
    (GAO, Reason.OUTSIDE),
    ({"latitude": 0, "longitude": 0}, Reason.OUTSIDE),
    ({"latitude": 13.5, "longitude": -3.0, "country": "Burkina Faso", "admin2": "Yatenga"}, Reason.OUTSIDE),
    ({"event_type": "Protests"}, Reason.NOT_COUNTED),
    ({"event_type": "Strategic developments", "fatalities": ""}, Reason.NOT_COUNTED),
    ({"event_type": "Headquarters or base established"}, Reason.NOT_COUNTED),
    ({"event_type": "Earthquake"}, Reason.TYPE),
    ({"event_id_cnty": " "}, Reason.NO_ID),
    ({"event_date": "soon"}, Reason.DATE),
    ({"event_date": "31 December 2016"}, Reason.PERIOD),
    ({"event_date": "1 January 2045"}, Reason.PERIOD),
    ({"time_precision": 3}, Reason.TIME),
    ({"geo_precision": 3}, Reason.PLACE),
    ({"geo_precision": "exact"}, Reason.PLACE),
    ({"fatalities": ""}, Reason.DEATHS),
    ({"fatalities": -1}, Reason.DEATHS),
    ({"fatalities": 2.5}, Reason.DEATHS),
    ({"fatalities": "several"}, Reason.DEATHS),
    ({"fatalities": "1_0"}, Reason.DEATHS),
    ({"fatalities": 14_078}, Reason.DEATHS),
    ({"actor1": "Private Security Forces (Mali)"}, Reason.ACTOR),
    ({"actor2": "Private Security Forces (Mali)"}, Reason.ACTOR),
]


@pytest.mark.parametrize(("changes", "reason"), BAD_ROWS)
def test_each_fault_of_a_row_drops_that_row_only(tmp_path: Path, changes: Cells, reason: Reason) -> None:
    file = read_events(written(tmp_path, [acled(1), acled(2, **changes), acled(3)]))
    assert file.events.id.tolist() == ["MLI1", "MLI3"]
    assert dropped(file.summary) == {reason: (4,)}


def test_fatalities_may_be_written_as_decimals(tmp_path: Path) -> None:
    assert read_events(written(tmp_path, [acled(1, fatalities="3.0")])).events.deaths.tolist() == [3]


def test_roughly_known_events_are_kept_when_asked(tmp_path: Path) -> None:
    rows = [acled(1), acled(2, geo_precision=3), acled(3, time_precision=3), acled(4, geo_precision="")]
    path = written(tmp_path, rows)
    assert read_events(path).events.id.tolist() == ["MLI1", "MLI4"]
    assert read_events(path, most_geo=3).events.id.tolist() == ["MLI1", "MLI2", "MLI4"]
    assert len(read_events(path, most_geo=3, most_time=3).events) == 4
    assert read_events(path, most_geo=1, most_time=1).summary.counts == {Reason.TIME: 1, Reason.PLACE: 1}


def test_a_file_without_precision_says_so(tmp_path: Path) -> None:
    columns = tuple(name for name in ACLED_COLUMNS if not name.endswith("_precision"))
    _, summary = read_events(written(tmp_path, [acled(1)], columns))
    assert [remark.split(":")[0] for remark in summary.remarks] == [
        "no column says how precisely the place is known",
        "no column says how precisely the day is known",
    ]


def test_a_row_of_another_length_is_dropped_when_the_file_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1), acled(2)])
    lines = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([lines[0], b"MLI9,12 March 2020,JNIM", *lines[1:], b"Source: ACLED", b""]))
    events, summary = read_events(path)
    assert events.id.tolist() == ["MLI1", "MLI2"]
    assert dropped(summary) == {Reason.FIELDS: (2, 8)}


def test_duplicates_and_contradictions_by_identifier(tmp_path: Path) -> None:
    rows = [acled(1), acled(1), acled(2), acled(1, fatalities=30), acled(2, actor1="Dozo Militia"), acled(3)]
    events, summary = read_events(written(tmp_path, rows))
    assert events.id.tolist() == ["MLI1", "MLI2", "MLI3"]
    assert events.deaths.tolist() == [3, 3, 3]
    assert dropped(summary) == {Reason.DUPLICATE: (4,), Reason.CONFLICT: (8, 10)}


@given(faults=st.lists(st.integers(-1, len(BAD_ROWS) - 1), min_size=1, max_size=30))
def test_every_row_is_accounted_for(tmp_path_factory: pytest.TempPathFactory, faults: list[int]) -> None:
    """Read = kept + dropped by reason, whatever the mixture of good (-1) and bad rows."""
    rows = [acled(number, **(BAD_ROWS[fault][0] if fault >= 0 else {})) for number, fault in enumerate(faults)]
    path = written(tmp_path_factory.mktemp("mixture"), rows)
    expected = Counter(BAD_ROWS[fault][1] for fault in faults if fault >= 0)
    good = len(faults) - expected.total()
    if good:
        events, summary = read_events(path)
        assert len(events) == summary.kept == good
    else:
        with pytest.raises(NoEventsError) as caught:
            read_events(path)
        summary = caught.value.summary
    assert summary.read == len(faults)
    assert {reason: len(lines) for reason, lines in dropped(summary).items()} == dict(expected)


def test_a_summary_that_does_not_add_up_cannot_be_made(tmp_path: Path) -> None:
    summary = read_events(written(tmp_path, [acled(1), acled(2, **GAO)])).summary
    values = {name: getattr(summary, name) for name in summary.__dataclass_fields__}
    assert FileSummary(**values) == summary
    with pytest.raises(ValueError, match="3 rows read, 1 kept and 1 dropped"):
        FileSummary(**values | {"read": 3})
    with pytest.raises(ValueError, match="1 events kept, 2 by kind"):
        FileSummary(**values | {"kinds": {"other": 2}})


def test_a_file_of_which_nothing_is_left_is_an_error_that_says_why(tmp_path: Path) -> None:
    rows = [acled(1, **GAO), acled(2, **GAO), acled(3, event_type="Riots")]
    message = r"none of 3 rows is an event .* \(2 outside Mopti and Ségou, 1 protest, riot or strategic development\)"
    with pytest.raises(NoEventsError, match=message) as caught:
        read_events(written(tmp_path, rows))
    assert "\n" not in str(caught.value)
    assert dropped(caught.value.summary) == {Reason.OUTSIDE: (2, 4), Reason.NOT_COUNTED: (6,)}


def test_fifty_thousand_rows_take_a_few_seconds(tmp_path: Path) -> None:
    places = (BANKASS, KORO, GAO)
    start = date(2017, 1, 1)
    rows = [
        acled(n, event_date=(start + timedelta(days=n % 1461)).strftime("%d %B %Y"), **places[n % 3])
        for n in range(50_000)
    ]
    path = written(tmp_path, rows)
    began = time.process_time()
    events, summary = read_events(path)
    assert time.process_time() - began < 10.0  # measured 1.5 s on one core; a slow machine is given time
    assert summary.read == 50_000
    assert len(events) == sum(n % 3 < 2 for n in range(50_000))


def test_the_cercle_follows_from_the_coordinates_and_disagreements_are_counted(tmp_path: Path) -> None:
    rows = [
        acled(1, admin2="Mopti"),
        acled(2, admin2="Nowhere"),
        acled(3, admin2=""),
        acled(4, admin2="Cercle de Bankass"),
    ]
    events, summary = read_events(written(tmp_path, rows))
    assert {CERCLES[k] for k in events.cercle} == {"Bankass"}
    assert summary.disagreements == {
        "Bankass by coordinates, Mopti in the file": 1,
        "Bankass by coordinates, Nowhere in the file": 1,
    }
    assert any("of 2 events whose file names another district, 0 lie within 5 km" in line for line in summary.remarks)


def test_at_the_border_of_two_cercles_the_coordinates_decide(tmp_path: Path) -> None:
    cells = {(i, j): cercle for i, j, cercle, *_ in zip(*fine_cells(), strict=True)}
    bankass, koro = cercle_index("Bankass"), cercle_index("Koro")
    i, j = next(at for at, cercle in cells.items() if cercle == bankass and cells.get((at[0] + 1, at[1])) == koro)
    lon, lat = to_lonlat(5.0 * i + 4.0, 5.0 * j + 2.5)
    events, summary = read_events(written(tmp_path, [acled(1, longitude=lon, latitude=lat, admin2="Koro")]))
    assert events.cercle.tolist() == [bankass]
    assert summary.disagreements == {"Bankass by coordinates, Koro in the file": 1}
    assert any("of 1 events whose file names another district, 1 lie within 5 km" in line for line in summary.remarks)


def test_just_outside_the_raster_the_file_s_own_word_counts(tmp_path: Path) -> None:
    """Two and ten kilometres east of the easternmost cell of Koro."""
    cells = fine_cells()
    own = np.flatnonzero(cells.cercle == cercle_index("Koro"))
    easternmost = own[cells.ix[own].argmax()]
    x, y = 5.0 * (cells.ix[easternmost] + 1), 5.0 * (cells.iy[easternmost] + 0.5)
    assert build_grid(5).cell_of(x + 2, y) == build_grid(5).cell_of(x + 10, y) == -1
    rows = []
    for number, (far, name) in enumerate([(2, "Koro"), (10, "Koro"), (2, "Yatenga"), (2, "")]):
        lon, lat = to_lonlat(x + far, y)
        rows.append(acled(number, longitude=lon, latitude=lat, admin2=name))
    events, summary = read_events(written(tmp_path, rows))
    assert events.id.tolist() == ["MLI0"]
    assert CERCLES[events.cercle[0]] == "Koro"
    assert dropped(summary) == {Reason.OUTSIDE: (4, 6, 8)}
    assert any(remark.startswith("1 rows just outside") for remark in summary.remarks)
    assert any(remark.startswith("1 rows outside by their coordinates name") for remark in summary.remarks)


@pytest.mark.parametrize(
    ("name", "cercle"),
    [
        ("Ségou", "Segou"),
        ("Ke-Macina", "Macina"),
        ("Ténenkou", "Tenenkou"),
        ("Baraouéli", "Baroueli"),
        ("niono", "Niono"),
    ],
)
def test_spellings_of_cercles(tmp_path: Path, name: str, cercle: str) -> None:
    cells = fine_cells()
    inside = np.flatnonzero(cells.cercle == cercle_index(cercle))[0]
    lon, lat = to_lonlat(5.0 * (cells.ix[inside] + 0.5), 5.0 * (cells.iy[inside] + 0.5))
    events, summary = read_events(written(tmp_path, [acled(1, longitude=lon, latitude=lat, admin2=name)]))
    assert CERCLES[events.cercle[0]] == cercle
    assert summary.disagreements == {}
