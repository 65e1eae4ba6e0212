"""The cercle an event lies in, by its coordinates; what the file says itself settles borders only.

The region is known as a raster of 5 km cells, so that a point closer to its edge than a cell may lie on either side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from abm.geography import CERCLES, FINEST_KM, GRID_SIZES_KM, FloatArray, IntArray, build_grid, fine_cells, to_km
from calibration.actors import plain

BORDER_KM = float(FINEST_KM)  # as far as this outside the raster, the file's own word for a cercle is taken
# A cell of the model's coarsest grid is placed at its centre: half a diagonal from the land that it stands for.
OWN_CELL_KM = GRID_SIZES_KM[-1] / 2**0.5
MARGIN_KM = 50.0  # around the region: what lies farther is outside without a closer look
OTHER_SPELLINGS = {
    "baraoueli": "Baroueli", "baraweli": "Baroueli", "dienne": "Djenne", "jenne": "Djenne", "ke macina": "Macina",
    "ke-macina": "Macina", "tenekou": "Tenenkou", "teninkou": "Tenenkou", "youvarou": "Youwarou",
}  # fmt: skip
SPELLINGS = {name.casefold(): name for name in CERCLES} | OTHER_SPELLINGS
WORD_FOR_CERCLE = re.compile(r"^cercle (de |of )?|( cercle| circle| district| department)$")


def named_cercle(name: str) -> int:
    """Index of the cercle that a file's name for a district stands for, -1 if it is none of the fifteen."""
    spelling = SPELLINGS.get(WORD_FOR_CERCLE.sub("", plain(name)))
    return -1 if spelling is None else CERCLES.index(spelling)


@lru_cache(maxsize=1)
def _box() -> tuple[float, float, float, float]:
    grid = build_grid(FINEST_KM)
    west, south = grid.x0 - MARGIN_KM, grid.y0 - MARGIN_KM
    east, north = grid.x0 + FINEST_KM * grid.nx + MARGIN_KM, grid.y0 + FINEST_KM * grid.ny + MARGIN_KM
    return west, south, east, north


def near_region(lon: float, lat: float) -> bool:
    """Whether a point is within the rectangle around the region and a margin."""
    x, y = to_km(lon, lat)
    west, south, east, north = _box()
    return west <= x <= east and south <= y <= north


def km_to_cercle(x: float, y: float, cercle: int) -> float:
    """Distance in km from a point to the nearest 5 km cell of a cercle, 0 inside."""
    cells = fine_cells()
    own = cells.cercle == cercle
    half = FINEST_KM / 2
    dx = np.maximum(np.abs(FINEST_KM * cells.ix[own] + half - x) - half, 0.0)
    dy = np.maximum(np.abs(FINEST_KM * cells.iy[own] + half - y) - half, 0.0)
    return float(np.sqrt(dx * dx + dy * dy).min())


@dataclass(frozen=True, eq=False)
class Placed:
    """Cercle of each point, -1 outside the region; which points were taken in by the file's word at the border."""

    cercle: IntArray
    at_border: IntArray


def place(lon: FloatArray, lat: FloatArray, named: IntArray, own: IntArray) -> Placed:
    """The cercle of points by their coordinates.

    Outside the raster, but at its edge, a point belongs to the cercle that the file names. Events of this program's own
    exports keep the cercle of the log, as some of them are known by the cell of a coarser grid only.

    Args:
        lon: degrees, shape (n,).
        lat: degrees, shape (n,).
        named: index of the cercle that the file names, -1 for none of the fifteen, shape (n,).
        own: 1 for events of this program's own exports, shape (n,).
    """
    grid = build_grid(FINEST_KM)
    x, y = to_km(lon, lat)
    cells = grid.cells_of(x, y)
    cercle = np.where(cells >= 0, grid.cercle[cells], -1)
    at_border = []
    for row in np.flatnonzero((named >= 0) & (cercle != named) & ((cercle < 0) | (own == 1))):
        far = km_to_cercle(float(x[row]), float(y[row]), int(named[row]))
        if far <= (OWN_CELL_KM if own[row] else BORDER_KM):
            if not own[row]:
                at_border.append(row)
            cercle[row] = named[row]
    return Placed(cercle, np.array(at_border, dtype=np.int64))
