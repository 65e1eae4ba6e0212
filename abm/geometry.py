"""The synthetic world of one seed: settlements on the grid, bands' homes, sites, and who reaches what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.bands import Bands, build_bands
from abm.data import read_table
from abm.gazetteer import load_gazetteer
from abm.geography import CERCLES, Grid, build_grid, chosen_cercles, to_km, towns
from abm.parameters import Parameters
from abm.reach import Reach, band_reach, friction_of, site_reach
from abm.scenario import WorldLevers
from abm.settlements import Settlements, synthetic_settlements
from abm.tables import GARRISON, SITES, UN_BASE, Ints, Table
from abm.travel import Friction

UN_BASES = ("Sévaré", "Douentza")


class Shape(NamedTuple):
    """The parameters that shape the synthetic world; draws that agree on them share it."""

    reach_km: float
    army_operation_km: float
    tob_reach_km: float
    friction: Friction
    cercle_counts: tuple[tuple[float, ...], ...]


def shape_of(q: Parameters) -> Shape:
    """The part of the parameters that shapes the synthetic world."""
    return Shape(q.reach_km, q.army_operation_km, q.tob_reach_km, friction_of(q), q.rates.cercle_counts)


@dataclass(frozen=True, eq=False)
class Geometry:
    """What depends on the synthetic world only, shared by all runs in it and never written to."""

    grid: Grid
    settlements: Settlements  # ordered by cell
    cell_of_settlement: Ints
    bands: Bands  # of the whole region; `kept` are the rows inside this world
    kept: Ints
    band_cell: Ints
    band_reach: Reach
    sites: Table
    site_reach: Reach


def _settlements(levers: WorldLevers) -> Settlements:
    if levers.gazetteer is not None:
        return load_gazetteer(levers.gazetteer, levers.seed).settlements
    return synthetic_settlements(levers.seed)


def nearest_cell(grid: Grid, x: float, y: float) -> int:
    """Cell at a place, or the nearest one where the place lies just outside the grid."""
    cell = grid.cell_of(x, y)
    if cell >= 0:
        return cell
    return int(np.argmin((grid.x - x) * (grid.x - x) + (grid.y - y) * (grid.y - y)))


def _sites(grid: Grid, cercles: tuple[str, ...]) -> Table:
    """Garrisons of national forces, then main bases of the UN, inside this world."""
    places = [
        (GARRISON, *to_km(float(r["lon"]), float(r["lat"])), float(r["strength"])) for r in read_table("garrisons")
    ]
    places += [(UN_BASE, towns()[name].x, towns()[name].y, 0.0) for name in UN_BASES]
    rows = []
    for kind, x, y, capacity in places:
        outside = grid.cell_of(float(x), float(y)) < 0
        if outside and cercles:
            continue
        rows.append((kind, nearest_cell(grid, float(x), float(y)), float(x), float(y), capacity))
    sites = np.zeros(len(rows), SITES)
    for i, (kind, cell, x, y, capacity) in enumerate(rows):
        s = sites[i]
        s.id, s.kind, s.cell, s.zone, s.x, s.y, s.capacity = i, kind, cell, grid.zone[cell], x, y, capacity
    return sites


@lru_cache(maxsize=8)
def geometry(levers: WorldLevers, shape: Shape) -> Geometry:
    """The synthetic world: settlements, bands' homes, and who reaches what.

    Args:
        levers: grid size, cercles, seed and gazetteer.
        shape: reach, friction, and recorded events by faction and cercle.
    """
    grid = build_grid(levers.cell_km, levers.cercles or None)
    everyone = _settlements(levers)
    bands = build_bands(levers.seed, everyone, shape.cercle_counts)
    home_x, home_y = everyone.x[bands.home], everyone.y[bands.home]
    band_cell = grid.cells_of(home_x, home_y)
    # A cell on a border belongs to one cercle; settlements of the other one do not come along.
    wanted = np.isin(np.arange(len(CERCLES)), chosen_cercles(levers.cercles or None))
    kept = np.flatnonzero((band_cell >= 0) & wanted[bands.cercle])
    cells = grid.cells_of(everyone.x, everyone.y)
    inside = np.flatnonzero((cells >= 0) & wanted[everyone.cercle])
    order = inside[np.argsort(cells[inside], kind="stable")]
    sites = _sites(grid, levers.cercles)
    limits = np.where(sites["kind"] == GARRISON, shape.army_operation_km, shape.tob_reach_km)
    reach_of_sites = site_reach(grid, sites["cell"], limits, shape.friction)
    sites["first_reach"], sites["n_reach"] = reach_of_sites.first, reach_of_sites.count
    return Geometry(
        grid=grid, settlements=everyone.only(order), cell_of_settlement=cells[order], bands=bands, kept=kept,
        band_cell=band_cell, band_reach=band_reach(
            grid, band_cell[kept], cells[order], shape.reach_km, shape.friction, home_x[kept], home_y[kept]
        ),
        sites=sites, site_reach=reach_of_sites,
    )  # fmt: skip
