"""A user's own gazetteer instead of synthetic settlements: one strict reader of CSV files of named places.

Columns, in any order and under their usual aliases: name, latitude, longitude (decimal degrees, WGS84), and optionally
population and community. GeoNames extracts are read as they are; their population 0 means unknown. Every fault of the
file is one :class:`GazetteerError` that names file, line, field and what was expected. Places outside the region are
dropped and counted; what the file does not say is drawn as for synthetic settlements.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

import numpy as np

from abm.geography import CERCLES, COMMUNITIES, IntArray, build_grid, cercle_population, chosen_cercles, to_km
from abm.settlements import (
    Settlements,
    draw_communities,
    draw_mixed,
    draw_refusal,
    draw_size_weights,
    whole_shares,
)

ALIASES = {
    "name": ("name", "asciiname", "settlement", "village", "locality", "nom", "localite", "localité"),
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "lng", "long", "x"),
    "population": ("population", "pop", "pop2020", "inhabitants", "habitants"),
    "community": ("community", "communaute", "communauté"),
}
REQUIRED = ("name", "latitude", "longitude")
OTHER_WORDS = {
    "peul": "fulani",
    "peulh": "fulani",
    "fulbe": "fulani",
    "bambara/mande": "bambara",
    "bozo/somono": "bozo",
    "somono": "bozo",
    "songhai": "songhay",
    "sonrai": "songhay",
}
GEONAMES_MARK = "geonameid"
DELIMITERS = (",", ";", "\t")
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
REGION_LON, REGION_LAT = (-7.3, -0.5), (12.2, 16.5)  # a little more than the region: to recognise swapped columns


class GazetteerError(ValueError):
    """A fault in a user's gazetteer; the message names file, line, field and what was expected."""


@dataclass(frozen=True)
class GazetteerReport:
    """What became of the rows: read, kept, dropped outside the region, and how many values had to be drawn.

    ``beyond_census`` names cercles whose given populations leave no people for the settlements without one; those are
    filled at the cercle's mean size instead.
    """

    file: str
    rows: int
    kept: int
    outside: int
    populations_drawn: int
    communities_drawn: int
    beyond_census: tuple[str, ...]

    def summary(self) -> str:
        """One line for the user."""
        line = (
            f"{self.file}: {self.kept} of {self.rows} places kept, {self.outside} outside the chosen cercles dropped; "
            f"{self.populations_drawn} populations and {self.communities_drawn} communities drawn"
        )
        if self.beyond_census:
            line += f"; given populations leave no room under the census total in {', '.join(self.beyond_census)}"
        return line


class LoadedGazetteer(NamedTuple):
    """The settlements of a gazetteer and what became of its rows."""

    settlements: Settlements
    report: GazetteerReport


class Place(NamedTuple):
    """One row as read: population 0 and community -1 mean not given."""

    line: int
    name: str
    latitude: float
    longitude: float
    population: int
    community: int


class _Reader:
    """One pass over one file; knows its name and how its columns are called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns: dict[str, int] = {}
        self.header: list[str] = []

    def fault(self, line: int, field: str, problem: str) -> GazetteerError:
        called = self.header[self.columns[field]] if field in self.columns else field
        return GazetteerError(f"{self.path}, line {line}, {called}: {problem}")

    def text(self) -> str:
        try:
            raw = self.path.read_bytes()
        except (OSError, ValueError) as error:  # a name with a zero byte in it is no OSError
            why = error.strerror if isinstance(error, OSError) else error
            raise GazetteerError(f"{self.path}: cannot be read ({why})") from None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise GazetteerError(
                f"{self.path}, line {line}: byte {raw[error.start]:#04x} is not UTF-8; "
                "expected a CSV file saved as UTF-8"
            ) from None
        if not text.strip():
            raise GazetteerError(f"{self.path}: the file is empty; expected a header row and one row per place")
        return text

    def read_header(self, header: list[str]) -> None:
        self.header = [cell.strip() for cell in header]
        lowered = [cell.casefold() for cell in self.header]
        for name, columns in Counter(lowered).items():
            if name and columns > 1:
                raise GazetteerError(f"{self.path}, line 1: column {name!r} appears twice; expected each column once")
        for field, aliases in ALIASES.items():
            known = [lowered.index(alias) for alias in aliases if alias in lowered]
            if known:
                self.columns[field] = known[0]
        for field in REQUIRED:
            if field not in self.columns:
                raise GazetteerError(
                    f"{self.path}, line 1: no column {field!r} (or {', '.join(ALIASES[field][1:])}); "
                    f"found {', '.join(self.header)}; expected {', '.join(REQUIRED)}"
                )

    @property
    def is_geonames(self) -> bool:
        return GEONAMES_MARK in (cell.casefold() for cell in self.header)

    def places(self) -> list[Place]:
        text = self.text()
        first = text.lstrip().splitlines()[0]
        delimiter = max(DELIMITERS, key=first.count)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        places = []
        try:
            for row in rows:
                if not any(cell.strip() for cell in row):
                    continue
                if not self.header:
                    self.read_header(row)
                else:
                    places.append(self.place(rows.line_num, row))
        except csv.Error as error:
            raise GazetteerError(
                f"{self.path}, line {rows.line_num}: not a valid CSV row ({error}); expected one row per place"
            ) from None
        if not places:
            raise GazetteerError(f"{self.path}: a header but no places; expected one row per place")
        self.refuse_duplicates(places)
        return places

    def place(self, line: int, row: list[str]) -> Place:
        if len(row) != len(self.header):
            raise GazetteerError(
                f"{self.path}, line {line}: {len(row)} fields; expected {len(self.header)} as in the header"
            )
        cells = {field: row[column].strip() for field, column in self.columns.items()}
        if not cells["name"]:
            raise self.fault(line, "name", "is empty; expected the name of the place")
        latitude = self.number(line, "latitude", cells["latitude"])
        longitude = self.number(line, "longitude", cells["longitude"])
        self.check_position(line, latitude, longitude)
        population = self.population(line, cells.get("population", ""))
        community = self.community(line, cells.get("community", ""))
        return Place(line, cells["name"], latitude, longitude, population, community)

    def number(self, line: int, field: str, cell: str) -> float:
        if NOT_FINITE.fullmatch(cell):
            raise self.fault(line, field, f"{cell!r} is not a finite number; expected one such as 14.35")
        if not DECIMAL.fullmatch(cell):
            hint = " with a decimal point, not a comma" if DECIMAL.fullmatch(cell.replace(",", ".")) else ""
            raise self.fault(line, field, f"{cell!r} is not a number; expected decimal digits{hint}, such as 14.35")
        value = float(cell)
        if not math.isfinite(value):
            raise self.fault(line, field, f"{cell!r} is not a finite number; expected one such as 14.35")
        return value

    def check_position(self, line: int, latitude: float, longitude: float) -> None:
        if _in_region(longitude, latitude) and not _in_region(latitude, longitude):
            problem = f"{latitude} and longitude {longitude} look swapped; expected latitude 12 to 16.5 north here"
            raise self.fault(line, "latitude", problem)
        if not -90 <= latitude <= 90:
            raise self.fault(line, "latitude", f"{latitude} is out of range; expected degrees from -90 to 90")
        if not -180 <= longitude <= 180:
            raise self.fault(line, "longitude", f"{longitude} is out of range; expected degrees from -180 to 180")

    def population(self, line: int, cell: str) -> int:
        if not cell or (self.is_geonames and cell == "0"):
            return 0
        value = self.number(line, "population", cell)
        largest = int(cercle_population().sum())
        if not (value.is_integer() and 1 <= value <= largest):
            problem = f"{cell!r}; expected a whole number of people from 1 to {largest}, or nothing if unknown"
            raise self.fault(line, "population", problem)
        return int(value)

    def community(self, line: int, cell: str) -> int:
        if not cell:
            return -1
        word = OTHER_WORDS.get(cell.casefold(), cell.casefold())
        if word not in COMMUNITIES:
            problem = f"{cell!r}; expected one of {', '.join(COMMUNITIES)}, or nothing if unknown"
            raise self.fault(line, "community", problem)
        return COMMUNITIES.index(word)

    def refuse_duplicates(self, places: list[Place]) -> None:
        seen: dict[tuple[str, float, float], int] = {}
        for place in places:
            key = (place.name.casefold(), place.latitude, place.longitude)
            if key in seen:
                problem = f"{place.name!r} repeats line {seen[key]}, same name and position; expected each place once"
                raise self.fault(place.line, "name", problem)
            seen[key] = place.line


def _in_region(latitude: float, longitude: float) -> bool:
    return REGION_LAT[0] <= latitude <= REGION_LAT[1] and REGION_LON[0] <= longitude <= REGION_LON[1]


def _fill_populations(
    world_seed: int, ids: IntArray, cercle: IntArray, given: IntArray
) -> tuple[IntArray, tuple[str, ...]]:
    """Populations with the missing ones (0) drawn: what the census leaves of each cercle, by the law of sizes."""
    people, weights = given.copy(), draw_size_weights(world_seed, ids)
    beyond = []
    for k in np.unique(cercle):
        rows = np.flatnonzero(cercle == k)
        missing = rows[given[rows] == 0]
        if not len(missing):
            continue
        census = int(cercle_population()[k])
        left = census - int(given[rows].sum())
        if left < len(missing):
            beyond.append(CERCLES[k])
            left = max(census * len(missing) // len(rows), len(missing))
        people[missing] = whole_shares(left, weights[missing])
    return people, tuple(beyond)


def load_gazetteer(
    path: str | PathLike[str], world_seed: int, cercles: tuple[str, ...] | None = None
) -> LoadedGazetteer:
    """Settlements of a user's CSV file, all cercles or some, and a report of what became of its rows.

    A settlement's id is its place among the file's rows, from 0. The cercle follows from the position, whatever the
    file says. Populations that are missing share what the census of 2020 leaves of their cercle, by the law of sizes;
    missing communities, mixed villages and refusal are drawn, keyed by ``world_seed``. GazetteerError for every fault
    of the file, and if no place lies in the chosen cercles; ValueError for unknown cercles.
    """
    wanted = chosen_cercles(cercles)
    places = _Reader(Path(fspath(path))).places()
    x, y = to_km(np.array([place.longitude for place in places]), np.array([place.latitude for place in places]))
    finest = build_grid(5)
    cells = finest.cells_of(x, y)
    inside = (cells >= 0) & np.isin(finest.cercle[cells], wanted)
    if not inside.any():
        raise GazetteerError(f"{path}: none of {len(places)} places lies in {', '.join(CERCLES[k] for k in wanted)}")
    ids = np.flatnonzero(inside).astype(np.int64)
    cercle = finest.cercle[cells[ids]]
    given = np.array([places[k].population for k in ids], dtype=np.int64)
    named = np.array([places[k].community for k in ids], dtype=np.int64)
    population, beyond = _fill_populations(world_seed, ids, cercle, given)
    community = np.where(named >= 0, named, draw_communities(world_seed, ids, cercle))
    settlements = Settlements(
        id=ids,
        name=tuple(places[k].name for k in ids),
        x=x[ids],
        y=y[ids],
        cercle=cercle,
        population=population,
        community=community,
        mixed=draw_mixed(world_seed, ids),
        refusal=draw_refusal(world_seed, ids, community),
    )
    report = GazetteerReport(
        file=fspath(path),
        rows=len(places),
        kept=len(ids),
        outside=len(places) - len(ids),
        populations_drawn=int((given == 0).sum()),
        communities_drawn=int((named < 0).sum()),
        beyond_census=beyond,
    )
    return LoadedGazetteer(settlements, report)
