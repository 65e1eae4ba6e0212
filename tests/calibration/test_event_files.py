"""Recorded events as they come out of a file: in order, by month, with a summary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from event_samples import (
    GAO,
    KORO,
    Cells,
    acled,
    written,
)

from abm.data import read_table
from abm.geography import cercle_index, fine_cells, to_lonlat
from calibration.actors import RECORDED_KINDS
from calibration.event_files import monthly_counts, read_events


def test_events_are_in_order_and_cannot_be_changed(tmp_path: Path) -> None:
    rows = [acled(1, event_date="2020-03-02"), acled(2, event_date="2020-03-01"), acled(3, event_date="2020-03-02")]
    events, _ = read_events(written(tmp_path, rows))
    assert events.id.tolist() == ["MLI2", "MLI1", "MLI3"]
    for array in vars(events).values():
        assert len(array) == len(events) == 3
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(AttributeError):
        events.day = events.day[:1]  # type: ignore[misc]


def test_monthly_counts_take_the_place_of_the_embedded_record(tmp_path: Path) -> None:
    """The embedded record, written out as single events and read back, is the same table row by row."""
    parties = {
        "civilians_by_dogon_dozo_militia": ("Dan Na Ambassagou", "Civilians (Mali)"),
        "civilians_by_fulani_militia": ("Fulani Ethnic Militia (Mali)", "Civilians (Mali)"),
        "civilians_by_jihadists": ("Katiba Macina", "Civilians (Mali)"),
        "civilians_by_state_or_external": ("Military Forces of France (2017-)", "Civilians (Mali)"),
        "civilians_by_unidentified": ("Unidentified Armed Group (Mali)", "Civilians (Mali)"),
        "militia_v_militia": ("Dogon Ethnic Militia (Mali)", "Fulani Ethnic Militia (Mali)"),
        "jihadists_v_militia": ("Islamic State (Greater Sahara)", "Dozo Communal Militia (Mali)"),
        "state_v_jihadists": ("Military Forces of Mali (2013-2020)", "JNIM: Group for Support of Islam and Muslims"),
        "state_v_other": ("Military Forces of Mali (2013-2020)", "Dozo Militia"),
        "un_v_jihadists": ("Katiba Macina", "MINUSMA: United Nations Multidimensional Integrated Stabilization"),
        "jihadists_v_jihadists": ("Islamic State (West Africa) - Greater Sahara Faction", "Katiba Macina"),
        "other": ("Unidentified Armed Group (Mali)", "Dozo Militia"),
    }  # fmt: skip
    assert set(parties) == set(RECORDED_KINDS)
    record = read_table("events_by_month_cercle_kind_2017_2020")
    cells, rows = fine_cells(), list[Cells]()
    for month in record:
        inside = np.flatnonzero(cells.cercle == cercle_index(month["cercle"]))[0]
        lon, lat = to_lonlat(5.0 * (cells.ix[inside] + 0.5), 5.0 * (cells.iy[inside] + 0.5))
        one, other = parties[month["kind"]]
        for event in range(int(month["events"])):
            deaths = int(month["deaths"]) if event == 0 else 0
            rows.append(
                acled(
                    len(rows),
                    event_date=f"{month['month']}-15",
                    longitude=lon,
                    latitude=lat,
                    actor1=one,
                    actor2=other,
                    admin2=month["cercle"],
                    fatalities=deaths,
                )
            )
    file = read_events(written(tmp_path, rows))
    assert file.summary.kept == 1443
    assert monthly_counts(file.events) == sorted(record, key=lambda row: list(row.values())[:4])
    assert monthly_counts() == record


def test_the_summary_as_text(tmp_path: Path) -> None:
    rows = [
        acled(1), acled(2, **KORO), acled(2, **KORO), acled(3, **GAO), acled(4, event_type="Protests"),
        acled(5, actor1="Private Security Forces (Mali)", inter1="External/Other forces"),
        acled(6, actor2="Unidentified Armed Group (Mali)", event_type="Battles", admin2="Mopti"),
    ]  # fmt: skip
    path = written(tmp_path, rows)
    assert read_events(path).summary.text() == (
        f"{path}: ACLED, columns of 2023 and later, types of actors as words\n"
        "7 rows read = 3 events kept, 2020-03-12 to 2020-03-12 + 4 rows dropped\n"
        "        1  outside Mopti and Ségou: line 8\n"
        "        1  protest, riot or strategic development: line 10\n"
        "        1  repeats an earlier row: line 6\n"
        "        1  a party is not in the table of actors: line 12\n"
        "kept, by kind\n"
        "        2  civilians_by_jihadists\n"
        "        1  other\n"
        "of these other, by the roles of the parties\n"
        "        1  jihadists and unidentified\n"
        "parties not in the table of actors, with the events dropped\n"
        "        1  Private Security Forces (Mali) [External/Other forces]\n"
        "kept, but the file names another district\n"
        "        1  Bankass by coordinates, Mopti in the file\n"
        "note: of 1 events whose file names another district, 0 lie within 5 km of it, the width of a cell: no more "
        "than the raster's roughness"
    )


def test_long_lists_are_cut_and_say_so(tmp_path: Path) -> None:
    rows = [acled(0), *(acled(n, actor1=f"Company {n}", notes="") for n in range(1, 21))]
    summary = read_events(written(tmp_path, rows)).summary
    assert len(summary.unmapped) == 20
    text = summary.text()
    assert "lines 4, 5, 6, 7, 8, 9, 10, 11 and 12 more" in text
    assert "        8  under 8 more names" in text
