"""How far is far: seasonal travel in effective kilometres, one effective kilometre being one on a main road in the dry.

Shortest paths over the eight-neighbour graph of cells. A step between two cells of one main road costs its length; any
other step costs more, by the friction of the two cells it joins. Rains slow every step, the flood slows steps off the
roads in the Inner Niger Delta (main roads run on dykes: assumption), and a step across the Niger or the Bani costs a
fixed extra unless a main road has a bridge there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from abm.calendar import FLOOD, RAINS, RAINS_AND_FLOOD, SEASONS
from abm.geography import Grid, IntArray, road_cells, roads, water_lines
from abm.outlines import BoolArray, FloatArray, changes_side

RAINY_SEASONS = (RAINS, RAINS_AND_FLOOD)
FLOOD_SEASONS = (RAINS_AND_FLOOD, FLOOD)
BARRIER_RIVERS = ("Niger", "Bani")  # the only ones too deep to ford in the dry season (assumption)
HALF_THE_NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (1, -1))


@dataclass(frozen=True)
class Friction:
    """What slows travel; all values are positive.

    ``offroad``: effective km per km off the main roads in the dry season (assumption). ``flooded``: factor on that
    where all land is flooded (assumption; a cell flooded in part counts in proportion). ``rain_speed_offroad``: ground
    speed in the rains, July to September, over that in the dry season, off the roads (.6, .3-.9; accessibility in
    FabFlee's Mali case and Protection Cluster Mali, October 2020: weak evidence). ``rain_speed_road``: the same on main
    roads (assumption). ``crossing_km``: effective km added by a river crossing by ferry or boat (assumption: about a
    quarter of a day at 100 km a day).
    """

    offroad: float = 1.6
    flooded: float = 4.0
    rain_speed_offroad: float = 0.6
    rain_speed_road: float = 0.85
    crossing_km: float = 25.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"friction {field.name} must be a positive number, not {value}")


@dataclass(frozen=True, eq=False)
class Steps:
    """All steps between neighbouring cells, arrays of shape (steps,): ends, length km, on a main road, over a river."""

    one: IntArray
    other: IntArray
    km: FloatArray
    on_road: BoolArray
    over_river: BoolArray


def _neighbours(grid: Grid) -> tuple[IntArray, IntArray]:
    """Pairs of cells that share a side or a corner, each pair once."""
    padded = np.pad(grid.lookup, 1, constant_values=-1)
    ones, others = [], []
    for dx, dy in HALF_THE_NEIGHBOURS:
        beyond = padded[grid.ix + 1 + dx, grid.iy + 1 + dy]
        found = beyond >= 0
        ones.append(np.flatnonzero(found))
        others.append(beyond[found])
    return np.concatenate(ones), np.concatenate(others)


def _over_river(start: FloatArray, end: FloatArray) -> BoolArray:
    crossed = np.zeros(len(start), dtype=np.bool_)
    for water in water_lines():
        if water.kind == "river" and water.name in BARRIER_RIVERS:
            crossed |= changes_side(start, end, water.line)
    return crossed


@lru_cache(maxsize=16)
def steps_between_cells(grid: Grid) -> Steps:
    """The steps a traveller can take on a grid, whatever the season. A bridge lifts the river from a road's steps."""
    one, other = _neighbours(grid)
    centres = np.column_stack([grid.x, grid.y])
    start, end = centres[one], centres[other]
    along = road_cells(grid)[:, one] & road_cells(grid)[:, other]
    on_road: BoolArray = np.any(along, axis=0)
    bridged: BoolArray = np.any(along[[not road.ferry for road in roads()]], axis=0)
    return Steps(
        one=one,
        other=other,
        km=np.sqrt(((end - start) ** 2).sum(axis=1)),
        on_road=on_road,
        over_river=_over_river(start, end) & ~bridged,
    )


def offroad_friction(grid: Grid, season: int, friction: Friction) -> FloatArray:
    """Effective km per km off the main roads in each cell, shape (n,)."""
    slowed = np.full(grid.n, friction.offroad)
    if season in RAINY_SEASONS:
        slowed /= friction.rain_speed_offroad
    if season in FLOOD_SEASONS:
        slowed *= 1.0 + grid.flooded * (friction.flooded - 1.0)
    return slowed


def road_friction(season: int, friction: Friction) -> float:
    """Effective km per km on a main road."""
    return 1.0 / friction.rain_speed_road if season in RAINY_SEASONS else 1.0


@lru_cache(maxsize=64)
def travel_graph(grid: Grid, season: int, friction: Friction) -> csr_array:
    """Symmetric sparse matrix (n, n) of the cost of every step in effective km; ValueError for an unknown season."""
    if season not in range(len(SEASONS)):
        raise ValueError(f"season must be 0 to {len(SEASONS) - 1}, not {season}")
    steps = steps_between_cells(grid)
    rough = offroad_friction(grid, season, friction)
    across_country = 0.5 * (rough[steps.one] + rough[steps.other])
    per_km = np.where(steps.on_road, np.minimum(road_friction(season, friction), across_country), across_country)
    cost = steps.km * per_km + np.where(steps.over_river, friction.crossing_km, 0.0)
    ends = (np.concatenate([steps.one, steps.other]), np.concatenate([steps.other, steps.one]))
    return coo_array((np.concatenate([cost, cost]), ends), shape=(grid.n, grid.n)).tocsr()


def within_cell_km(grid: Grid, season: int, friction: Friction) -> FloatArray:
    """Effective km of a trip inside a cell, shape (n,): half a cell's side, on the road where there is one."""
    rough = offroad_friction(grid, season, friction)
    smooth = np.minimum(road_friction(season, friction), rough)
    return 0.5 * grid.size_km * np.where(grid.road == 1, smooth, rough)


@lru_cache(maxsize=8)
def _costs_from(grid: Grid, sources: bytes, season: int, friction: Friction, limit_km: float) -> FloatArray:
    cells = np.frombuffer(sources, dtype=np.int64)
    graph = travel_graph(grid, season, friction)
    costs: FloatArray = np.atleast_2d(dijkstra(graph, directed=True, indices=cells, limit=limit_km))
    costs[np.arange(len(cells)), cells] = within_cell_km(grid, season, friction)[cells]
    costs.setflags(write=False)
    return costs


def effective_km(
    grid: Grid,
    sources: IntArray,
    season: int,
    friction: Friction | None = None,
    limit_km: float = math.inf,
) -> FloatArray:
    """Travel from source cells (k,) to all cells in effective km, shape (k, n); inf beyond ``limit_km``.

    Symmetric and read-only: the last few answers are kept, because worlds of one batch ask the same. (Keeping them on
    disk does not pay: all pairs of a season take 0.2 s at 10 km.) A source's own cell costs :func:`within_cell_km`, not
    nothing, because its places are not all at its centre. ValueError for an unknown season or source.
    """
    friction = friction or Friction()
    sources = np.asarray(sources, dtype=np.int64)
    if sources.size and not (sources.min() >= 0 and sources.max() < grid.n):
        raise ValueError(f"source cells must lie in 0..{grid.n - 1}")
    return _costs_from(grid, sources.tobytes(), season, friction, limit_km)
