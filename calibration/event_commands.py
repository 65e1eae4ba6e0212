"""What the commands ``events`` and ``actors`` print and write."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from abm.calendar import date_of
from abm.geography import CERCLES
from calibration.actors import RECORDED_KINDS, shipped_text
from calibration.event_files import EventFile, RecordedEvents, monthly_counts
from calibration.event_layouts import GED
from calibration.event_summary import FileSummary, Reason
from runs.sections import Section, Table

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".csv", ".parquet")
TOTAL = "total"

Counts = Counter[tuple[str, str]]


def unmapped_notice(summary: FileSummary) -> str:
    """What to do about parties that the table of actors lacks, "" if it lacks none."""
    if not summary.unmapped:
        return ""
    rows, parties = summary.counts[Reason.ACTOR], len(summary.unmapped)
    are = "party is" if parties == 1 else "parties are"
    return (
        f"{summary.file}: {rows:,} {'event' if rows == 1 else 'events'} left out, because {parties:,} {are} not in the "
        "table of actors; write the table with `sector-centre actors --toml`, add them, and give it with --actors"
    )


# --- beside the embedded record ------------------------------------------------------------------------------------


def _month(day: date) -> str:
    return day.isoformat()[:7]


def _by_kind_and_year(rows: Iterable[dict[str, str]], column: str, first: str, last: str) -> Counts:
    """Sums of a column of monthly counts over cercles and the months from first to last, totals among them."""
    counts = Counts()
    for row in rows:
        if first <= row["month"] <= last:
            for kind in (row["kind"], TOTAL):
                counts[kind, row["month"][:4]] += int(row[column])
    return counts


def _table(caption: str, years: list[str], mine: Counts, record: Counts, recorded: set[str]) -> Table:
    """One row per kind, one column per year; the record in brackets in the years that it covers."""

    def cell(kind: str, year: str) -> str:
        beside = f" ({record[kind, year]:,})" if year in recorded else ""
        return f"{mine[kind, year]:,}{beside}"

    shown = [kind for kind in RECORDED_KINDS if any(mine[kind, year] or record[kind, year] for year in years)]
    rows = tuple((kind, *(cell(kind, year) for year in years)) for kind in (*shown, TOTAL))
    headers = (caption, *(f"{year} (record)" if year in recorded else year for year in years))
    return Table(headers, rows)


def beside_record(file: EventFile) -> Section:
    """Events and deaths of a file by kind and year beside the embedded record in the months that the file covers.

    Those are the months from the first event kept to the last, so that a year that the file covers in part is held
    against the same part of the record.
    """
    days = file.events.day
    first, last = _month(date_of(int(days[0]))), _month(date_of(int(days[-1])))
    mine, record = monthly_counts(file.events), monthly_counts()
    months = [row["month"] for row in record]
    begins, ends = max(first, min(months)), min(last, max(months))
    years = [str(year) for year in range(int(first[:4]), int(last[:4]) + 1)]
    recorded = {year for year in years if begins <= ends and begins[:4] <= year <= ends[:4]}
    if recorded:
        paragraphs = [
            f"In brackets: the embedded record (own aggregation of ACLED, acleddata.com), months {begins} to {ends}; "
            f"the file's events lie between {first} and {last}."
        ]
    else:
        paragraphs = [
            f"The embedded record covers {min(months)} to {max(months)} and the file's events lie between {first} and "
            f"{last}: there is nothing to hold them against."
        ]
    if recorded and file.summary.layout == GED.name:
        paragraphs.append(
            "UCDP GED holds only events with a death, and attacks on peacekeepers under the conflict of the "
            "government; the record counts events without deaths as well."
        )
    tables = tuple(
        _table(
            column,
            years,
            _by_kind_and_year(mine, column, first, last),
            _by_kind_and_year(record, column, begins, ends),
            recorded,
        )
        for column in ("events", "deaths")
    )
    return Section("record", "Beside the embedded record", tuple(paragraphs), tables)


# --- mapped events as a file ---------------------------------------------------------------------------------------


def mapped_events(events: RecordedEvents) -> pa.Table:
    """One row per event: identifier, date, month (2020-03), cercle, kind, degrees, deaths, line of the event file."""
    import pyarrow as pa

    dates = [date_of(day) for day in events.day.tolist()]
    return pa.table(
        {
            "id": pa.array(events.id.tolist(), pa.string()),
            "date": pa.array(dates, pa.date32()),
            "month": pa.array(map(_month, dates), pa.string()),
            "cercle": pa.array((CERCLES[cercle] for cercle in events.cercle.tolist()), pa.string()),
            "kind": pa.array((RECORDED_KINDS[kind] for kind in events.kind.tolist()), pa.string()),
            "lon": events.lon,
            "lat": events.lat,
            "deaths": events.deaths,
            "line": events.line,
        }
    )


def write_events(events: RecordedEvents, path: Path, suffix: str) -> None:
    """Write mapped events as CSV or Parquet, by one of SUFFIXES.

    Raises:
        OSError: it cannot be written.
    """
    from pyarrow import csv, parquet

    write = {".csv": csv.write_csv, ".parquet": parquet.write_table}[suffix]
    with path.open("wb") as file:  # Python's file, whose errors name what failed and not how
        write(mapped_events(events), file)


# --- the table of actors -------------------------------------------------------------------------------------------


def actors_section() -> Section:
    """The table of actors that comes with the program: patterns by role, pairs of roles by kind."""
    content = tomllib.loads(shipped_text())
    roles = tuple((role, ", ".join(patterns)) for role, patterns in content["roles"].items())
    kinds = tuple((kind, ", ".join(" and ".join(pair) for pair in pairs)) for kind, pairs in content["kinds"].items())
    return Section(
        "actors",
        "Who is who in files of events",
        ("The first role with a pattern that fits a party's whole name counts; * stands for anything.",),
        (
            Table(("Role", "Patterns of names"), roles, words=(0, 1)),
            Table(("Kind", "Pairs of roles that make it"), kinds, words=(0, 1)),
        ),
    )
