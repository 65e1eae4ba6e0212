"""Lines of equal travel from the UN's main bases, as numbers: for a map drawn by Matplotlib or by a browser."""

from __future__ import annotations

from typing import NamedTuple

import contourpy
import numpy as np

from abm.geography import Grid, IntArray
from abm.outlines import FloatArray
from abm.travel import Friction, effective_km

TRAVEL_LEVELS_KM = (50, 100, 150, 200, 300)


class TravelLine(NamedTuple):
    """One line: effective km (km of good road in the dry season) and its vertices (k, 2) in km."""

    km: int
    line: FloatArray


def travel_field(
    grid: Grid, sources: IntArray, season: int, friction: Friction | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Effective km from the nearest source cell: x (nx,) and y (ny,) of cell centres, field (ny, nx), NaN outside."""
    field: FloatArray = np.full((grid.ny, grid.nx), np.nan)
    field[grid.iy, grid.ix] = effective_km(grid, sources, season, friction).min(axis=0)
    x, y = (
        (start + grid.size_km * (np.arange(count) + 0.5)).astype(np.float64)
        for start, count in ((grid.x0, grid.nx), (grid.y0, grid.ny))
    )
    return x, y, field


def travel_lines(grid: Grid, sources: IntArray, season: int, friction: Friction | None = None) -> list[TravelLine]:
    """Lines at TRAVEL_LEVELS_KM from the nearest of some source cells; none without a source."""
    if not len(sources) or min(grid.nx, grid.ny) < 2:
        return []
    x, y, field = travel_field(grid, sources, season, friction)
    # Matplotlib draws its contours with the same library and, as here, cuts corners where a cell has no land.
    generator = contourpy.contour_generator(
        x, y, np.ma.masked_invalid(field), corner_mask=True, line_type=contourpy.LineType.Separate
    )
    return [TravelLine(km, np.asarray(line)) for km in TRAVEL_LEVELS_KM for line in generator.lines(float(km))]
