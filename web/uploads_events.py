"""Recorded events that a visitor hands in: read as the command ``events`` does, accounted for, and not kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from calibration.actors import RECORDED_KINDS
from calibration.event_files import EventFile, NoEventsError, RecordedEvents, monthly_counts, read_events
from calibration.event_summary import FileSummary, Reason
from calibration.event_text import EventFileError
from web.uploads_folder import PREFIX
from web.uploads_text import REPLACED, said, shown
from web.work import Refused

MOST_EVENT_LINES = 60_000  # a file of the most bytes has some 15,000 rows of ACLED, and notes may hold line breaks
MOST_HEADER = 20_000  # characters
LINES_TOLD, NAMES_TOLD, REMARKS_TOLD = 20, 12, 20
NAME_LETTERS = 120

Counts = dict[tuple[str, str], list[int]]  # events and deaths by kind and month


def read_event_file(name: str, text: str) -> dict[str, Any]:
    """What is in a file of ACLED, of UCDP GED or of this program's own export.

    The text lies on the disk while it is read, in a folder of its own, and is gone when this returns.

    Returns:
        ``events``: rows read, kept and dropped by reason with their first lines; parties that the table of actors
        lacks; and by kind and month, events and deaths of the file and of the embedded record, where that covers it.
        A file of which no row can be used has all of this too, with nothing by month.

    Raises:
        Refused: the file is no table of events, or a fault of all of it.
    """
    _refuse_shapes(name, text)
    try:
        with TemporaryDirectory(prefix=PREFIX) as folder:
            path = Path(folder) / "events.csv"
            path.write_text(text, encoding="utf-8", newline="")
            file, summary = _read(path, name)
    except OSError as error:
        raise Refused("uploads_no_room", text=error.strerror or "") from None
    return {
        "events": {
            "file": name,
            "garbled": REPLACED in text,
            **_accounts(summary, str(path), name),
            **_by_month(file),
        }
    }


def _refuse_shapes(name: str, text: str) -> None:
    lines = text.count("\n") + 1
    if lines > MOST_EVENT_LINES:
        raise Refused("uploads_lines", name=name, most=MOST_EVENT_LINES)
    head = text.lstrip().split("\n", 2)[:2]  # a header, after a line that Excel understands or before the first row
    if len(head[0]) > MOST_HEADER or (head[0].lower().startswith("sep=") and len(head[-1]) > MOST_HEADER):
        raise Refused("uploads_cell", name=name, line=1, most=MOST_HEADER)


def _read(path: Path, name: str) -> tuple[RecordedEvents | None, FileSummary]:
    try:
        found: EventFile = read_events(path)
    except NoEventsError as error:
        return None, error.summary
    except EventFileError as error:
        raise said(error, path, name) from None
    return found.events, found.summary


def _accounts(summary: FileSummary, path: str, name: str) -> dict[str, Any]:
    return {
        "layout": summary.layout,
        "read": summary.read,
        "kept": summary.kept,
        "first": None if summary.first is None else summary.first.isoformat(),
        "last": None if summary.last is None else summary.last.isoformat(),
        "dropped": [_reason(reason, summary.dropped[reason]) for reason in summary.counts],
        "kinds": {kind: summary.kinds[kind] for kind in RECORDED_KINDS if kind in summary.kinds},
        "unmapped": _largest(summary.unmapped),
        "unnamed_pairs": _largest(summary.unnamed_pairs),
        "disagreements": _largest(summary.disagreements),
        "remarks": [shown(remark.replace(path, name)) for remark in summary.remarks[:REMARKS_TOLD]],
    }


def _reason(reason: Reason, lines: tuple[int, ...]) -> dict[str, Any]:
    told = list(lines[:LINES_TOLD])
    return {
        "word": f"uploads_reason_{reason.name.lower()}",
        "rows": len(lines),
        "lines": told,
        "more": len(lines) - len(told),
    }


def _largest(counts: Mapping[str, int]) -> dict[str, Any]:
    """The most frequent names, and how many more there are with how many events."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    told, rest = ordered[:NAMES_TOLD], ordered[NAMES_TOLD:]
    return {
        "names": [{"name": shown(name, NAME_LETTERS), "events": number} for name, number in told],
        "more_names": len(rest),
        "more_events": sum(number for _, number in rest),
    }


# --- by month ------------------------------------------------------------------------------------------------------


def _by_month(events: RecordedEvents | None) -> dict[str, Any]:
    """Months from the first event to the last, and for each kind one number a month; None where nothing is known."""
    if events is None:
        return {"months": [], "series": []}
    mine, record = monthly_counts(events), monthly_counts()
    months = _months(mine[0]["month"], max(row["month"] for row in mine))
    covered = set(_months(min(row["month"] for row in record), max(row["month"] for row in record)))
    of_file, of_record = _summed(mine), _summed(record)
    kinds = [
        kind
        for kind in RECORDED_KINDS
        if any((kind, month) in counts for counts in (of_file, of_record) for month in months)
    ]
    return {
        "months": months,
        "series": [
            {
                "kind": kind,
                "events": _column(of_file, kind, months, 0),
                "deaths": _column(of_file, kind, months, 1),
                "record_events": _column(of_record, kind, months, 0, covered),
                "record_deaths": _column(of_record, kind, months, 1, covered),
            }
            for kind in kinds
        ],
    }


def _months(first: str, last: str) -> list[str]:
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(begin, end + 1)]


def _summed(rows: list[dict[str, str]]) -> Counts:
    counts: Counts = defaultdict(lambda: [0, 0])
    for row in rows:
        cell = counts[row["kind"], row["month"]]
        cell[0] += int(row["events"])
        cell[1] += int(row["deaths"])
    return dict(counts)


def _column(
    counts: Counts, kind: str, months: list[str], which: int, covered: set[str] | None = None
) -> list[int | None]:
    """One number a month; None in months that are not covered."""
    return [
        counts.get((kind, month), (0, 0))[which] if covered is None or month in covered else None for month in months
    ]
