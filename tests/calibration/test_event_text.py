"""The same events however a file was saved, and one error for each file that is none."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from event_samples import (
    acled,
    written,
)

from abm.exports import ACLED_COLUMNS, GED_COLUMNS
from abm.geography import CERCLES
from calibration.event_files import read_events
from calibration.event_text import EventFileError


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_same_events_however_the_file_was_saved(tmp_path: Path, separator: str, encoding: str) -> None:
    where = {"latitude": 13.92, "longitude": -4.55, "admin2": "Djenné", "location": "Djenné"}
    path = written(tmp_path, [acled(1, **where), acled(2)], separator=separator, encoding=encoding)
    events, summary = read_events(path)
    assert [CERCLES[k] for k in events.cercle] == ["Djenne", "Bankass"]
    assert summary.disagreements == {}
    fallback = [remark for remark in summary.remarks if "Windows-1252" in remark]
    assert len(fallback) == (encoding == "cp1252")
    assert all("byte 0xe9 in line 2 is not UTF-8" in remark for remark in fallback)


def test_a_file_of_neither_encoding_is_read_as_latin_1(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1, notes="\x81é")], encoding="latin-1")
    assert any(remark.startswith("read as Latin-1") for remark in read_events(path).summary.remarks)


def test_what_spreadsheets_do_to_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1, latitude="14,078", longitude="-3,516"), acled(2)], separator=";")
    plain = path.read_bytes()
    width = plain.split(b"\r\n")[0].count(b";")
    path.write_bytes(b"sep=;\r\n" + plain + b";" * width + b"\r\n\r\n")
    events, summary = read_events(path)
    assert summary.read == len(events) == 2
    assert events.line.tolist() == [3, 5]
    assert events.lat.tolist() == [14.078, 14.078]


def test_unknown_columns_are_let_be(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1, checked_by="M")], ("checked_by", "", *ACLED_COLUMNS, "", "population_best"))
    assert len(read_events(path).events) == 1


FAULTS = {
    "empty": (b"", r"the file is empty; expected a header row"),
    "blank": (b"\xef\xbb\xbf \r\n\r\n", r"the file is empty"),
    "workbook": (b"PK\x03\x04rest", r"is a workbook or an archive; expected a CSV file"),
    "utf-16": ("event_date,actor1".encode("utf-16"), r"is written in UTF-16; expected a CSV file saved as UTF-8"),
    "binary": (b"event_date\x00\x01", r"is no text"),
    "header only": (",".join(ACLED_COLUMNS).encode(), r"a header but no rows; expected one row per event"),
    "wrong separator": ("|".join(ACLED_COLUMNS).encode(), r"neither the columns of ACLED nor of UCDP GED; expected, "),
    "no header": (b"MLI1,12 March 2020,JNIM,14.1,-3.5\r\n", r"line 1: neither the columns of .*found MLI1, 12 March"),
    "a column twice": (",".join((*ACLED_COLUMNS, "LATITUDE")).encode(), r"line 1: column 'latitude' appears twice"),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_each_fault_of_a_whole_file_is_one_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(EventFileError, match=message) as caught:
        read_events(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "lost", "layout"),
    [
        (ACLED_COLUMNS, "fatalities", "ACLED"), (ACLED_COLUMNS, "event_type", "ACLED"),
        (ACLED_COLUMNS, "longitude", "ACLED"), (GED_COLUMNS, "side_b", "UCDP GED"), (GED_COLUMNS, "best", "UCDP GED"),
        (GED_COLUMNS, "date_start", "UCDP GED"),
    ],
)  # fmt: skip
def test_a_lost_column_is_named_with_file_and_layout(
    tmp_path: Path, columns: tuple[str, ...], lost: str, layout: str
) -> None:
    path = written(tmp_path, [acled(1)], tuple(name for name in columns if name != lost))
    with pytest.raises(
        EventFileError, match=rf"line 1: layout of {layout} without the columns {lost}.*; found "
    ) as caught:
        read_events(path)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(EventFileError, match=r"cannot be read") as caught:
            read_events(path)
        assert str(path) in str(caught.value)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1)])
    path.chmod(0)
    with pytest.raises(EventFileError, match=r"cannot be read \(Permission denied\)"):
        read_events(path)


def test_a_file_cut_off_anywhere_gives_an_error_or_whole_rows(tmp_path: Path) -> None:
    rows = [acled(number, location="Ségué") for number in range(3)]
    path = written(tmp_path, rows)
    whole = path.read_bytes()
    ends = [at for at in range(len(whole)) if whole[:at].count(b'people."') == 3 or at % 7 == 0]
    outcomes = Counter[str]()
    for end in ends:
        path.write_bytes(whole[:end])
        try:
            events, summary = read_events(path)
        except EventFileError as error:
            outcomes["error" if "\n" not in str(error) else "error of many lines"] += 1
        else:
            # Only the end of a row's last cells can be lost without a trace, and none of them is used.
            outcomes["read"] += 1
            assert set(events.deaths.tolist()) == {3}
            assert summary.read == summary.kept + summary.rows_dropped == whole[:end].count(b"12 March 2020")
    assert set(outcomes) == {"error", "read"}
    assert outcomes["error"] > 50
    assert outcomes["read"] > 0


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (-60, r"line 4: the file seems to be cut off in this row \(a quotation mark is never closed\)"),
        (-10, r"line 4: the file seems to be cut off in this row \(\d+ fields instead of 31\)"),
    ],
)
def test_a_cut_is_named_with_its_line(tmp_path: Path, end: int, message: str) -> None:
    path = written(tmp_path, [acled(1), acled(2, tags="crowd size", timestamp=1)])
    whole = path.read_bytes()
    stop = whole.rindex(b"killed") if end == -60 else whole.rindex(b",3,")
    path.write_bytes(whole[:stop])
    with pytest.raises(EventFileError, match=message):
        read_events(path)


def test_a_cut_inside_a_letter_is_no_other_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1), acled(2, location="Ségué")])
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex("é".encode()) + 1])
    with pytest.raises(EventFileError, match=r"line 4: the file seems to be cut off in the middle of a character"):
        read_events(path)
