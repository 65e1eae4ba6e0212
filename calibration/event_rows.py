"""Rows of an event file sifted: each becomes one event in the region, or is dropped for one reason."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from abm.calendar import DAY_ZERO, LAST_DATE, day_of
from calibration.event_dates import DateColumn
from calibration.event_layouts import NOT_COUNTED, UNKNOWN, Layout
from calibration.event_places import named_cercle, near_region, place
from calibration.event_summary import Reason
from calibration.event_text import EventFileError, TextTable, without_decimal_comma

MOST_DEATHS = 2000  # assumption: more in one event is a slip; the deadliest of 2017-2020 has 157
# Identifiers are kept as texts of equal length: a cell that swallowed others would make all of them as long as itself.
LONGEST_ID = 200
COUNTRY = "mali"


class Row(NamedTuple):
    """A row near the region: where it stands in the file, its cells by field, degrees."""

    line: int
    cells: dict[str, str]
    lon: float
    lat: float


class Event(NamedTuple):
    """An event in the region, its parties and their types as the file names them ("" for none)."""

    line: int
    id: str
    day: int
    cercle: int
    deaths: int
    lon: float
    lat: float
    actors: tuple[str, str]
    types: tuple[str, str]
    district: str

    @property
    def what(self) -> tuple[int, float, float, int]:
        """What two rows of the same event have in common."""
        return self.day, self.lon, self.lat, self.deaths


class Sieve:
    """One pass over one file; ``dropped`` gathers the lines of the rows dropped, by reason.

    Args:
        table: the file.
        layout: its layout.
        places: the column of each field that the file has.
        day_first: see :func:`calibration.event_files.read_events`.
        most_geo: roughest code of a place's precision that is kept.
        most_time: roughest code of a day's precision that is kept.
    """

    def __init__(
        self,
        table: TextTable,
        layout: Layout,
        places: dict[str, int],
        *,
        day_first: bool | None,
        most_geo: int,
        most_time: int,
    ) -> None:
        self.table = table
        self.layout = layout
        self.places = places
        self.most_geo = most_geo
        self.most_time = most_time
        self.single = "actor2" not in places
        self.dates = DateColumn(str(table.path), table.header[places["date"]], day_first)
        self.dropped: dict[Reason, list[int]] = defaultdict(list)
        self.remarks = list(table.remarks)
        self.unknown_types: Counter[str] = Counter()
        self.inter = ""
        self.read = 0

    def drop(self, reason: Reason, line: int) -> None:
        """Note a row as dropped."""
        self.dropped[reason].append(line)

    def events(self) -> list[Event]:
        """All events in the region, in the order of their first rows.

        Raises:
            EventFileError: a fault of the whole file.
        """
        rows = self._near()
        if not self.read:
            raise EventFileError(f"{self.table.path}: a header but no rows; expected one row per event")
        if not self.table.whole:
            self.remarks.append("the last line has no line break: its last cell may be cut off")
        self.dates.settle()
        inside = self._inside(rows)
        usable = [event for row, cercle in inside if (event := self._event(row, cercle)) is not None]
        self.remarks += self.dates.remarks
        if self.unknown_types:
            named = ", ".join(f"{name!r} ({rows})" for name, rows in self.unknown_types.most_common(5))
            self.remarks.append(f"unknown types of event: {named}")
        for field, what in (("geo", "place"), ("time", "day")):
            if field not in self.places:
                self.remarks.append(f"no column says how precisely the {what} is known: no row is dropped for it")
        return self._paired(usable, inside) if self.single else self._once_each(usable)

    # --- where ----------------------------------------------------------------------------------------------------

    def _near(self) -> list[Row]:
        rows, width = [], len(self.table.header)
        date, inter = self.places["date"], self.places.get("inter1")
        for line, cells in self.table.rows():
            self.read += 1
            if len(cells) != width:
                self.drop(Reason.FIELDS, line)
                continue
            self.dates.add(cells[date].strip(), line)
            if inter is not None and not self.inter:
                self.inter = cells[inter].strip()
            position = self._position(cells)
            if position is None:
                self.drop(Reason.COORDINATES, line)
            elif not near_region(*position):
                self.drop(Reason.OUTSIDE, line)
            else:
                named = {field: cells[column].strip() for field, column in self.places.items()}
                rows.append(Row(line, named, *position))
        return rows

    def _number(self, cell: str) -> float | None:
        try:
            value = float(without_decimal_comma(self.table, cell))
        except ValueError:
            return None
        return value if math.isfinite(value) and "_" not in cell else None

    def _position(self, cells: list[str]) -> tuple[float, float] | None:
        """Longitude and latitude, None if they are not on the globe or changed places."""
        lat = self._number(cells[self.places["latitude"]])
        lon = self._number(cells[self.places["longitude"]])
        if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
            return None
        country = cells[self.places["country"]].strip().casefold() if "country" in self.places else ""
        swapped = not near_region(lon, lat) and near_region(lat, lon) and country in ("", COUNTRY)
        return None if swapped else (lon, lat)

    def _inside(self, rows: list[Row]) -> list[tuple[Row, int]]:
        """The rows in the region with the index of their cercle."""
        if not rows:
            return []
        spelt = {row.cells.get("district", "") for row in rows}
        index = {name: named_cercle(name) for name in spelt}
        named = np.array([index[row.cells.get("district", "")] for row in rows], dtype=np.int64)
        own = np.array([self._id(row.cells)[1] for row in rows], dtype=np.int64)
        placed = place(np.array([row.lon for row in rows]), np.array([row.lat for row in rows]), named, own)
        if own.any():
            self.remarks.append(f"{int(own.sum())} rows are simulated, from this program's own export: no observations")
        outside = placed.cercle < 0
        for row in np.flatnonzero(outside):
            self.drop(Reason.OUTSIDE, rows[row].line)
        if len(placed.at_border):
            self.remarks.append(
                f"{len(placed.at_border)} rows just outside the 5 km cells of the region are taken to be in the "
                "cercle that the file names"
            )
        if contrary := int((outside & (named >= 0)).sum()):
            self.remarks.append(f"{contrary} rows outside by their coordinates name a cercle of the region")
        cercles = placed.cercle.tolist()
        return [(row, cercle) for row, cercle in zip(rows, cercles, strict=True) if cercle >= 0]

    # --- what and when --------------------------------------------------------------------------------------------

    def _id(self, cells: dict[str, str]) -> tuple[str, bool]:
        """Identifier, and whether the event is of this program's own export."""
        for field in ("relid", "id"):
            if self.layout.own.fullmatch(cells.get(field, "")):
                return cells[field], True
        return cells["id"], False

    def _event(self, row: Row, cercle: int) -> Event | None:
        cells = row.cells
        when = self.dates.read(cells["date"])
        deaths = self._deaths(cells)
        identifier, _ = self._id(cells)
        kind = self.layout.type_of(cells["type"])
        checks: tuple[tuple[Reason, bool], ...] = (
            (Reason.NOT_COUNTED, kind == NOT_COUNTED),
            (Reason.TYPE, kind == UNKNOWN),
            (Reason.NO_ID, not 0 < len(identifier) <= LONGEST_ID),
            (Reason.DATE, when is None),
            (Reason.PERIOD, when is not None and not DAY_ZERO <= when <= LAST_DATE),
            (Reason.TIME, self._rough(cells.get("time", ""), self.most_time)),
            (Reason.PLACE, self._rough(cells.get("geo", ""), self.most_geo)),
            (Reason.DEATHS, deaths is None),
        )
        reason = next((reason for reason, holds in checks if holds), None)
        if reason is Reason.TYPE:
            self.unknown_types[cells["type"]] += 1
        if reason is not None or when is None or deaths is None:
            self.drop(reason or Reason.DATE, row.line)
            return None
        return Event(
            line=row.line,
            id=identifier,
            day=day_of(when),
            cercle=cercle,
            deaths=deaths,
            lon=row.lon,
            lat=row.lat,
            actors=(cells["actor1"], cells.get("actor2", "")),
            types=(cells.get("inter1", ""), cells.get("inter2", "")),
            district=cells.get("district", ""),
        )

    def _rough(self, cell: str, most: int) -> bool:
        """Whether a code of precision is beyond the roughest that is kept; a blank one is not."""
        if not cell:
            return False
        code = self._number(cell)
        return code is None or not 1 <= code <= most

    def _deaths(self, cells: dict[str, str]) -> int | None:
        """Deaths of an event, None if missing, no whole number, too many, or outside the file's own bounds."""
        deaths = self._number(cells["deaths"])
        if deaths is None or not deaths.is_integer() or not 0 <= deaths <= MOST_DEATHS:
            return None
        low, high = self._number(cells.get("low", "")), self._number(cells.get("high", ""))
        if (low is not None and low > deaths) or (high is not None and high < deaths):
            return None
        return int(deaths)

    # --- each event once ------------------------------------------------------------------------------------------

    def _once_each(self, events: list[Event]) -> list[Event]:
        """Events of a file with both parties in a row: the first row of each identifier counts."""
        first: dict[str, Event] = {}
        for event in events:
            earlier = first.setdefault(event.id, event)
            if earlier is event:
                continue
            if event.what == earlier.what and event.actors == earlier.actors:
                self.drop(Reason.DUPLICATE, event.line)
            elif event.what == earlier.what and event.actors == earlier.actors[::-1]:
                self.drop(Reason.SECOND_ROW, event.line)
            else:
                self.drop(Reason.CONFLICT, event.line)
        return list(first.values())

    def _paired(self, events: list[Event], rows: list[tuple[Row, int]]) -> list[Event]:
        """Events of a file with one party per row: the first two rows of an identifier make one event.

        An event of which another row could not be used would have lost a party and is dropped.
        """
        in_rows = Counter(self._id(row.cells)[0] for row, _ in rows)
        groups: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            groups[event.id].append(event)
        if events and max(in_rows.values()) < 2:
            raise EventFileError(
                f"{self.table.path}, line {self.table.header_line}: no column actor2, and no event in the region has a "
                "second row; expected both parties of an event in one row, or one row for each"
            )
        kept = []
        for group in groups.values():
            first, others = group[0], group[1:]
            if len(group) < in_rows[first.id] or any(other.what != first.what for other in others):
                for event in group:
                    self.drop(Reason.CONFLICT, event.line)
                continue
            for number, other in enumerate(others):
                self.drop(Reason.DUPLICATE if number else Reason.SECOND_ROW, other.line)
            second = others[0] if others else None
            kept.append(
                first._replace(
                    actors=(first.actors[0], second.actors[0] if second else ""),
                    types=(first.types[0], second.types[0] if second else ""),
                )
            )
        return kept
