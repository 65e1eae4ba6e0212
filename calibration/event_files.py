"""Recorded events from a file of ACLED, of UCDP GED or of this program's own export, in place of the embedded record.

Rows that cannot be used are dropped, counted by reason and named by line; faults that concern the whole file are one
:class:`EventFileError`. The cercle follows from the coordinates, the kind from a table of actors
(:mod:`calibration.actors`). In GED attacks on peacekeepers belong to the conflict of the government, so that no event
of GED is ``un_v_jihadists``; and GED holds events with at least one death.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.calendar import date_of
from abm.data import read_table
from abm.geography import CERCLE_LABELS, CERCLES, FloatArray, IntArray, to_km
from calibration.actors import OTHER, RECORDED_KINDS, ActorTable, load_actors, pair_of
from calibration.event_layouts import ACTOR_TYPES, described, layout_of
from calibration.event_places import BORDER_KM, km_to_cercle, named_cercle
from calibration.event_rows import Event, Sieve
from calibration.event_summary import FileSummary, Reason
from calibration.event_text import EventFileError, open_table

EMBEDDED = "events_by_month_cercle_kind_2017_2020"
MONTHLY_COLUMNS = ("month", "region", "cercle", "kind", "events", "deaths")


@dataclass(frozen=True, eq=False)
class RecordedEvents:
    """Events in the region, one per row in order of day, arrays of shape (n,) that are read-only.

    ``day`` counts from ``abm.calendar.DAY_ZERO``; ``cercle`` is an index of ``abm.geography.CERCLES``, ``kind`` one of
    ``calibration.actors.RECORDED_KINDS``; ``lon`` and ``lat`` are degrees (WGS84); ``id`` is the file's identifier and
    ``line`` where the event begins in it.
    """

    day: IntArray
    cercle: IntArray
    kind: IntArray
    deaths: IntArray
    lon: FloatArray
    lat: FloatArray
    id: NDArray[np.str_]
    line: IntArray

    def __post_init__(self) -> None:
        for array in vars(self).values():
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.day)


class EventFile(NamedTuple):
    """The events of a file and what became of its rows."""

    events: RecordedEvents
    summary: FileSummary


class NoEventsError(EventFileError):
    """A file of which no row can be used; ``summary`` says what became of them."""

    def __init__(self, summary: FileSummary) -> None:
        super().__init__(
            f"{summary.file}: none of {summary.read:,} rows is an event in Mopti or Ségou that can be used "
            f"({summary.reasons()})"
        )
        self.summary = summary


class _Roles:
    """Kinds of events by the table of actors, and counts of what it lacks."""

    def __init__(self, actors: ActorTable, events: Iterable[Event]) -> None:
        self.actors = actors
        self.known = {name: actors.role_of(name) for name in {name for event in events for name in event.actors}}
        self.unmapped: Counter[str] = Counter()
        self.unnamed_pairs: Counter[str] = Counter()

    def kind(self, event: Event) -> str | None:
        """Recorded kind, None if a party is in no role."""
        one, other = (self.known[name] for name in event.actors)
        if one is None or other is None:
            unknown = {n: t for n, t in zip(event.actors, event.types, strict=True) if self.known[n] is None}
            self.unmapped.update(self._labelled(name, kind) for name, kind in unknown.items())
            return None
        kind = self.actors.kind_of(one, other)
        if kind == OTHER:
            self.unnamed_pairs[" and ".join(pair_of(one, other))] += 1
        return kind

    @staticmethod
    def _labelled(name: str, kind: str) -> str:
        return f"{name} [{ACTOR_TYPES.get(kind, kind)}]" if kind else name


def _table(events: list[tuple[Event, str]]) -> RecordedEvents:
    in_order = sorted(events, key=lambda pair: (pair[0].day, pair[0].line))

    def whole(values: Iterable[int]) -> IntArray:
        return np.array(list(values), dtype=np.int64)

    return RecordedEvents(
        day=whole(event.day for event, _ in in_order),
        cercle=whole(event.cercle for event, _ in in_order),
        kind=whole(RECORDED_KINDS.index(kind) for _, kind in in_order),
        deaths=whole(event.deaths for event, _ in in_order),
        lon=np.array([event.lon for event, _ in in_order], dtype=np.float64),
        lat=np.array([event.lat for event, _ in in_order], dtype=np.float64),
        id=np.array([event.id for event, _ in in_order], dtype=np.str_),
        line=whole(event.line for event, _ in in_order),
    )


def _disagreements(events: Iterable[Event]) -> tuple[Counter[str], tuple[str, ...]]:
    """Events whose file names another district than their coordinates say, by both names, and a remark on them."""
    found: Counter[str] = Counter()
    at_border = 0
    for event in events:
        named = named_cercle(event.district)
        if not event.district or named == event.cercle:
            continue
        found[f"{CERCLE_LABELS[event.cercle]} by coordinates, {event.district} in the file"] += 1
        at_border += named >= 0 and km_to_cercle(*to_km(event.lon, event.lat), named) <= BORDER_KM
    remark = (
        f"of {found.total()} events whose file names another district, {at_border} lie within {BORDER_KM:g} km of it, "
        "the width of a cell: no more than the raster's roughness"
    )
    return found, (remark,) if found else ()


def read_events(
    path: str | PathLike[str],
    *,
    actors: str | PathLike[str] | None = None,
    layout: str | None = None,
    day_first: bool | None = None,
    most_geo: int | None = None,
    most_time: int | None = None,
) -> EventFile:
    """Read the events of Mopti and Ségou from a CSV file of ACLED or UCDP GED, or from this program's own export.

    Args:
        path: the file, in UTF-8 (else it is read as Windows-1252, with a remark), separated by comma, semicolon or tab.
        actors: table of actors; by default the one that comes with the program.
        layout: "acled" or "ged"; by default as the header says.
        day_first: how to read dates such as 05/03/2020; by default as the column as a whole says.
        most_geo: roughest code of the place's precision that is kept, on the file's own scale; by default 2 of ACLED's
            3 and 3 of UCDP's 7, which both know the district.
        most_time: the same of the day's precision; by default 2 of ACLED's 3 and 3 of UCDP's 5, which both know the
            week.

    Raises:
        EventFileError: the file cannot be read or is not what it should be; NoEventsError if no row can be used.
        ActorsError: the table of actors cannot be used.
        ValueError: unknown name of a layout.
    """
    table_of_actors = load_actors(actors)
    table = open_table(Path(fspath(path)))
    columns, places = layout_of(table, layout)
    sieve = Sieve(
        table,
        columns,
        places,
        day_first=day_first,
        most_geo=columns.most_geo if most_geo is None else most_geo,
        most_time=columns.most_time if most_time is None else most_time,
    )
    found = sieve.events()
    roles = _Roles(table_of_actors, found)
    kept = []
    for event in found:
        kind = roles.kind(event)
        if kind is None:
            sieve.drop(Reason.ACTOR, event.line)
        else:
            kept.append((event, kind))
    events = _table(kept)
    disagreements, remark = _disagreements(event for event, _ in kept)
    summary = FileSummary(
        file=fspath(path),
        layout=described(table, columns, sieve.inter),
        read=sieve.read,
        kept=len(events),
        dropped={reason: tuple(sorted(lines)) for reason, lines in sieve.dropped.items()},
        kinds=dict(Counter(kind for _, kind in kept)),
        unmapped=dict(roles.unmapped),
        unnamed_pairs=dict(roles.unnamed_pairs),
        disagreements=dict(disagreements),
        first=date_of(int(events.day[0])) if len(events) else None,
        last=date_of(int(events.day[-1])) if len(events) else None,
        remarks=(*sieve.remarks, *remark),
    )
    if not len(events):
        raise NoEventsError(summary)
    return EventFile(events, summary)


def monthly_counts(events: RecordedEvents | None = None) -> list[dict[str, str]]:
    """Events and deaths by month, cercle and kind, in the columns and the order of the embedded record.

    Args:
        events: of a file; by default the embedded record of 2017-2020 itself (ACLED, aggregated).

    Returns:
        Rows as ``abm.data.read_table`` gives them, with the columns month (2019-03), region, cercle, kind, events and
        deaths; months, cercles and kinds without events have no row.
    """
    if events is None:
        return read_table(EMBEDDED)
    region = {row["cercle"]: row["region"] for row in read_table("cercles")}
    counts: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    columns = (events.day.tolist(), events.cercle.tolist(), events.kind.tolist(), events.deaths.tolist())
    for day, cercle, kind, deaths in zip(*columns, strict=True):
        name = CERCLES[cercle]
        cell = counts[date_of(day).isoformat()[:7], region[name], name, RECORDED_KINDS[kind]]
        cell[0] += 1
        cell[1] += deaths
    return [dict(zip(MONTHLY_COLUMNS, map(str, (*key, *counts[key])), strict=True)) for key in sorted(counts)]
