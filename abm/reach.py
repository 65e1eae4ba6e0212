"""Who reaches what: villages in reach of bands, and cells in reach of garrisons and bases, by season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.calendar import SEASONS
from abm.geography import FloatArray, Grid, IntArray
from abm.parameters import Parameters
from abm.travel import Friction, effective_km


@dataclass(frozen=True, eq=False)
class Reach:
    """Targets grouped by origin: origin i has `count[i]` entries from `first[i]` on."""

    first: IntArray
    count: IntArray
    target: IntArray  # (entries,) villages or cells
    km: FloatArray  # (entries, seasons) effective km
    x: FloatArray  # (origins,) km
    y: FloatArray


def friction_of(parameters: Parameters) -> Friction:
    """What slows travel, from the parameters."""
    return Friction(
        offroad=parameters.friction_offroad, flooded=parameters.friction_flooded,
        rain_speed_offroad=parameters.rain_speed_offroad, rain_speed_road=parameters.rain_speed_road,
        crossing_km=parameters.crossing_km,
    )  # fmt: skip


def _ways(grid: Grid, origins: IntArray, friction: Friction, limits: FloatArray) -> FloatArray:
    """Effective km from each origin cell to each cell by season: shape (origins, cells, seasons).

    An origin's own cell is always within its limit, however bad the season.
    """
    unique, position = np.unique(origins, return_inverse=True)
    seasons = [effective_km(grid, unique, season, friction) for season in range(len(SEASONS))]
    ways = np.stack(seasons, axis=2)[position]
    rows = np.arange(origins.size)
    ways[rows, origins] = np.minimum(ways[rows, origins], 0.5 * limits[:, None])
    return ways


def site_reach(grid: Grid, cells: IntArray, limits: FloatArray, friction: Friction) -> Reach:
    """Cells within `limits` effective km of sites in the dry season, nearest first."""
    ways = _ways(grid, cells, friction, limits)
    targets, km = [], []
    for i in range(cells.size):
        dry = ways[i, :, 0]
        near = np.flatnonzero(dry <= limits[i])
        order = near[np.argsort(dry[near], kind="stable")]
        targets.append(order)
        km.append(ways[i, order])
    return _grouped(targets, km, grid.x[cells], grid.y[cells])


def band_reach(
    grid: Grid,
    cells: IntArray,
    cell_of_village: IntArray,
    limit: float,
    friction: Friction,
    x: FloatArray,
    y: FloatArray,
) -> Reach:
    """Villages within `limit` effective km of bands' home cells in the dry season, in the order of villages."""
    ways = _ways(grid, cells, friction, np.full(cells.size, limit))
    targets, km = [], []
    for i in range(cells.size):
        near = np.flatnonzero(ways[i, cell_of_village, 0] <= limit)
        targets.append(near)
        km.append(ways[i, cell_of_village[near]])
    return _grouped(targets, km, x, y)


def _grouped(targets: list[IntArray], km: list[FloatArray], x: FloatArray, y: FloatArray) -> Reach:
    count = np.array([t.size for t in targets], np.int64)
    flat = np.concatenate(targets) if targets else np.zeros(0, np.int64)
    ways = np.concatenate(km) if km else np.zeros((0, len(SEASONS)))
    return Reach(np.cumsum(count) - count, count, flat.astype(np.int64), np.ascontiguousarray(ways), x, y)
