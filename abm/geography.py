"""Where things are: projection, cercles, zones, communities, the grid of cells, and the lines of maps.

Positions are kilometres east and north of 7.0 °W, 12.4 °N in a local equirectangular projection, true to scale at
14.3 °N; within the region lengths are off by about 1 % at most. The region is the fifteen cercles of Mopti and Ségou,
known as a raster of 5 km cells; coarser grids are unions of those cells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from abm.calendar import DRY as DRY
from abm.calendar import FLOOD as FLOOD
from abm.calendar import RAINS as RAINS
from abm.calendar import RAINS_AND_FLOOD as RAINS_AND_FLOOD
from abm.calendar import SEASONS as SEASONS
from abm.calendar import season_of_month as season_of_month
from abm.data import read_table
from abm.outlines import BoolArray as BoolArray
from abm.outlines import FloatArray as FloatArray
from abm.outlines import (
    meeting_points,
    points_along,
    points_in_polygon,
    smooth_ring,
    trace_rings,
)

IntArray = NDArray[np.int64]
Number = TypeVar("Number", float, FloatArray)

LON0 = -7.0
LAT0 = 12.4
KM_PER_DEGREE_LON = 111.320 * math.cos(math.radians(14.3))
KM_PER_DEGREE_LAT = 110.574

FINEST_KM = 5
GRID_SIZES_KM = (5, 10, 20)

CERCLES = (
    "Bandiagara",
    "Bankass",
    "Djenne",
    "Douentza",
    "Koro",
    "Mopti",
    "Tenenkou",
    "Youwarou",
    "Baroueli",
    "Bla",
    "Macina",
    "Niono",
    "San",
    "Segou",
    "Tominian",
)
CERCLE_LABELS = (
    "Bandiagara",
    "Bankass",
    "Djenné",
    "Douentza",
    "Koro",
    "Mopti",
    "Ténenkou",
    "Youwarou",
    "Barouéli",
    "Bla",
    "Macina",
    "Niono",
    "San",
    "Ségou",
    "Tominian",
)
ZONES = ("Seno-Plateau", "Delta", "Douentza", "Segou")
SENO_PLATEAU, DELTA, DOUENTZA, SEGOU = range(4)
ZONE_OF_CERCLE = (SENO_PLATEAU, SENO_PLATEAU, DELTA, DOUENTZA, SENO_PLATEAU, DELTA, DELTA, DELTA) + (SEGOU,) * 7
COMMUNITIES = ("dogon", "fulani", "bambara", "bozo", "songhay", "other")

SUBPOINTS = 5  # flood is sampled at 5 x 5 points of each 5 km cell, that is every km


def to_km(lon: Number, lat: Number) -> tuple[Number, Number]:
    """Degrees (WGS84) to kilometres east and north of the origin; numbers or arrays of one shape."""
    return (lon - LON0) * KM_PER_DEGREE_LON, (lat - LAT0) * KM_PER_DEGREE_LAT


def to_lonlat(x: Number, y: Number) -> tuple[Number, Number]:
    """Kilometres to degrees, the inverse of :func:`to_km`."""
    return x / KM_PER_DEGREE_LON + LON0, y / KM_PER_DEGREE_LAT + LAT0


def cercle_index(name: str) -> int:
    """Position of a cercle in CERCLES; ValueError naming the fifteen cercles if it is none of them."""
    if name not in CERCLES:
        raise ValueError(f"unknown cercle {name!r}; expected one of {', '.join(CERCLES)}")
    return CERCLES.index(name)


def _frozen(array: NDArray[np.generic]) -> None:
    array.setflags(write=False)


def _by_cercle(column: str) -> list[str]:
    rows = {row["cercle"]: row[column] for row in read_table("cercles")}
    return [rows[cercle] for cercle in CERCLES]


@lru_cache(maxsize=1)
def cercle_population() -> IntArray:
    """People per cercle in 2020, shape (15,) (OCHA projection of the 2009 census)."""
    people = np.array([int(value) for value in _by_cercle("pop2020")], dtype=np.int64)
    _frozen(people)
    return people


@lru_cache(maxsize=1)
def community_shares() -> FloatArray:
    """Share of villages by first community, shape (15 cercles, 6 communities), rows summing to 1 (assumption)."""
    rows = {row["cercle"]: row for row in read_table("communities_by_cercle")}
    percent = np.array([[float(rows[cercle][name]) for name in COMMUNITIES] for cercle in CERCLES])
    shares: FloatArray = percent / percent.sum(axis=1, keepdims=True)
    _frozen(shares)
    return shares


class FineCells(NamedTuple):
    """The raster of 5 km cells, arrays of shape (5645,): indices from the origin, cercle, settlements, km to river."""

    ix: IntArray
    iy: IntArray
    cercle: IntArray
    settlements: IntArray
    river_km: FloatArray

    def only(self, wanted: BoolArray) -> FineCells:
        """The cells where ``wanted`` is true, in the same order."""
        return FineCells(
            self.ix[wanted], self.iy[wanted], self.cercle[wanted], self.settlements[wanted], self.river_km[wanted]
        )


@lru_cache(maxsize=1)
def fine_cells() -> FineCells:
    """The region's 5 km cells in the order of the embedded table."""
    rows = read_table("cells_5km")
    cells = FineCells(
        ix=np.array([int(row["ix"]) for row in rows], dtype=np.int64),
        iy=np.array([int(row["iy"]) for row in rows], dtype=np.int64),
        cercle=np.array([cercle_index(row["cercle"]) for row in rows], dtype=np.int64),
        settlements=np.array([int(row["settlements"]) for row in rows], dtype=np.int64),
        river_km=np.array([float(row["river_km"]) for row in rows]),
    )
    for column in cells:
        _frozen(column)
    return cells


class Town(NamedTuple):
    """A main town or road fork: position in km, kind (capital, town, junction), cercle index or -1, people or 0."""

    name: str
    kind: str
    cercle: int
    x: float
    y: float
    population: int


@lru_cache(maxsize=1)
def towns() -> dict[str, Town]:
    """Main towns by name; ``population`` is GeoNames' undated figure, 0 where it gives none."""
    found = {}
    for row in read_table("towns"):
        x, y = to_km(float(row["lon"]), float(row["lat"]))
        cercle = cercle_index(row["cercle"]) if row["cercle"] else -1
        found[row["town"]] = Town(row["town"], row["kind"], cercle, x, y, int(row["population"] or 0))
    return found


class Road(NamedTuple):
    """A main road: name, number or "", whether it crosses the river by ferry, polyline (k, 2) in km."""

    name: str
    number: str
    ferry: bool
    line: FloatArray


@lru_cache(maxsize=1)
def roads() -> tuple[Road, ...]:
    """Main roads as straight lines between towns (an approximation, see the table's notes)."""
    places = towns()
    rows = read_table("roads")
    lines = []
    for name in dict.fromkeys(row["road"] for row in rows):
        stops = sorted((row for row in rows if row["road"] == name), key=lambda row: int(row["order"]))
        line = np.array([places[row["town"]][3:5] for row in stops])
        lines.append(Road(name, stops[0]["number"], stops[0]["ferry"] == "yes", line))
    return tuple(lines)


class WaterLine(NamedTuple):
    """A river (open line) or lake (ring) of Natural Earth: kind, name, vertices (k, 2) in km."""

    kind: str
    name: str
    line: FloatArray


@lru_cache(maxsize=1)
def water_lines() -> tuple[WaterLine, ...]:
    """Rivers and lakes of the region and its surroundings, for maps and for river crossings."""
    parts: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for row in read_table("water_natural_earth"):
        key = (row["feature"], row["name"], row["part"])
        parts.setdefault(key, []).append(to_km(float(row["lon"]), float(row["lat"])))
    return tuple(WaterLine(kind, name, np.array(line)) for (kind, name, _), line in parts.items())


@lru_cache(maxsize=1)
def flood_polygon() -> FloatArray:
    """Outline of the flooded Inner Niger Delta, shape (k, 2) in km, not closed (assumption)."""
    rows = read_table("flood_extent")
    return np.array([to_km(float(row["lon"]), float(row["lat"])) for row in rows])


def flooded_share() -> FloatArray:
    """Share of each 5 km cell, in the order of :func:`fine_cells`, that lies inside the flood's outline."""
    cells = fine_cells()
    offsets = (np.arange(SUBPOINTS) + 0.5) / SUBPOINTS
    x = FINEST_KM * (cells.ix[:, None, None] + offsets[None, :, None] + 0.0 * offsets[None, None, :])
    y = FINEST_KM * (cells.iy[:, None, None] + offsets[None, None, :] + 0.0 * offsets[None, :, None])
    share: FloatArray = points_in_polygon(x, y, flood_polygon()).mean(axis=(1, 2))
    return share


@dataclass(frozen=True, eq=False)
class Grid:
    """Square cells that hold at least one 5 km cell of the chosen cercles, numbered 0..n-1 by column, then row.

    Arrays have shape (n,) and are read-only (they are shared by all who ask for the same grid): ``ix, iy`` column and
    row; ``x, y`` centre in km; ``cercle`` that of most of the cell; ``zone``; ``settlements`` count; ``flooded`` share
    0..1 of the land inside the flood's outline; ``road`` 0 or 1; ``river_km`` to the nearest river, that of the nearest
    5 km cell; ``area_km2`` of land. ``lookup`` (nx, ny) gives the cell of a column and row, -1 outside. ``x0, y0`` is
    the south-western corner in km.
    """

    size_km: int
    nx: int
    ny: int
    x0: float
    y0: float
    ix: IntArray
    iy: IntArray
    x: FloatArray
    y: FloatArray
    cercle: IntArray
    zone: IntArray
    settlements: IntArray
    flooded: FloatArray
    road: IntArray
    river_km: FloatArray
    area_km2: FloatArray
    lookup: IntArray

    @property
    def n(self) -> int:
        """Number of cells."""
        return len(self.x)

    def cell_of(self, x: float, y: float) -> int:
        """Cell of a point in km, -1 outside the region."""
        return int(self.cells_of(np.array([x]), np.array([y]))[0])

    def cells_of(self, x: FloatArray, y: FloatArray) -> IntArray:
        """Cells of points in km, -1 outside the region."""
        column = np.floor((np.asarray(x) - self.x0) / self.size_km)
        row = np.floor((np.asarray(y) - self.y0) / self.size_km)
        known = (column >= 0) & (column < self.nx) & (row >= 0) & (row < self.ny)
        cells = np.full(column.shape, -1, dtype=np.int64)
        cells[known] = self.lookup[column[known].astype(np.int64), row[known].astype(np.int64)]
        return cells


def chosen_cercles(cercles: tuple[str, ...] | None) -> tuple[int, ...]:
    """Indices of the named cercles in the fixed order, all fifteen for None; ValueError for none or unknown ones."""
    if cercles is None:
        return tuple(range(len(CERCLES)))
    if not cercles:
        raise ValueError("at least one cercle is needed")
    return tuple(sorted({cercle_index(name) for name in cercles}))


def _sum_by(cell: IntArray, n: int, values: FloatArray | IntArray) -> FloatArray:
    return np.bincount(cell, weights=values, minlength=n).astype(np.float64)


def _columns(ix: IntArray, iy: IntArray) -> tuple[IntArray, IntArray]:
    """Lookup table (nx, ny) of cell numbers, -1 where there is no cell, and the cell of each pair (ix, iy)."""
    lookup = np.full((int(ix.max()) + 1, int(iy.max()) + 1), -1, dtype=np.int64)
    lookup[ix, iy] = 0
    lookup[lookup == 0] = np.arange(np.count_nonzero(lookup == 0))
    return lookup, lookup[ix, iy]


@lru_cache(maxsize=16)
def build_grid(size_km: int = 10, cercles: tuple[str, ...] | None = None) -> Grid:
    """Grid of 5, 10 or 20 km cells over all cercles or some; the same object for the same arguments.

    ValueError for another size, an unknown cercle or none.
    """
    if size_km not in GRID_SIZES_KM:
        raise ValueError(f"grid cells must be {', '.join(map(str, GRID_SIZES_KM))} km, not {size_km}")
    wanted = np.isin(fine_cells().cercle, chosen_cercles(cercles))
    fine = fine_cells().only(wanted)
    per_side = size_km // FINEST_KM
    column, row = fine.ix // per_side, fine.iy // per_side
    x0, y0 = float(column.min() * size_km), float(row.min() * size_km)
    lookup, cell = _columns(column - column.min(), row - row.min())
    ix, iy = (index.astype(np.int64) for index in np.nonzero(lookup >= 0))
    n = len(ix)
    land = np.bincount(cell, minlength=n)
    by_cercle = np.zeros((n, len(CERCLES)), dtype=np.int64)
    np.add.at(by_cercle, (cell, fine.cercle), 1)
    cercle = by_cercle.argmax(axis=1).astype(np.int64)
    river_km = np.full(n, np.inf)
    np.minimum.at(river_km, cell, fine.river_km)
    grid = Grid(
        size_km=size_km,
        nx=lookup.shape[0],
        ny=lookup.shape[1],
        x0=x0,
        y0=y0,
        ix=ix,
        iy=iy,
        x=(x0 + size_km * (ix + 0.5)).astype(np.float64),
        y=(y0 + size_km * (iy + 0.5)).astype(np.float64),
        cercle=cercle,
        zone=np.array(ZONE_OF_CERCLE, dtype=np.int64)[cercle],
        settlements=_sum_by(cell, n, fine.settlements).astype(np.int64),
        flooded=_sum_by(cell, n, flooded_share()[wanted]) / land,
        road=np.zeros(n, dtype=np.int64),
        river_km=river_km,
        area_km2=land.astype(np.float64) * FINEST_KM * FINEST_KM,
        lookup=lookup,
    )
    grid.road[:] = road_cells(grid).any(axis=0)
    for array in vars(grid).values():
        if isinstance(array, np.ndarray):
            _frozen(array)
    return grid


def road_cells(grid: Grid) -> BoolArray:
    """Which cells each road of :func:`roads` passes through, shape (roads, n)."""
    passes = np.zeros((len(roads()), grid.n), dtype=np.bool_)
    for mask, road in zip(passes, roads(), strict=True):
        points = points_along(road.line, step=0.1)
        cells = grid.cells_of(points[:, 0], points[:, 1])
        mask[cells[cells >= 0]] = True
    return passes


@lru_cache(maxsize=1)
def _rings() -> dict[int, list[list[tuple[int, int]]]]:
    cells = fine_cells()
    places = list(zip(cells.ix.tolist(), cells.iy.tolist(), cells.cercle.tolist(), strict=True))
    return {k: trace_rings((i, j) for i, j, owner in places if owner == k) for k in range(len(CERCLES))}


@lru_cache(maxsize=64)
def cercle_outline(cercle: str, rounds: int = 2) -> list[FloatArray]:
    """Closed rings in km, each (k, 2), around a cercle's 5 km cells, borders smoothed by Chaikin's corner cutting.

    Cercles that touch share the very same points along their border. Holes run clockwise.
    """
    rings = _rings()
    pinned = meeting_points(ring for own in rings.values() for ring in own)
    return [FINEST_KM * smooth_ring(ring, pinned, rounds) for ring in rings[cercle_index(cercle)]]
