"""Half-degree cells of PRIO-GRID, temporary operating bases in them, and a staggered difference-in-differences.

PRIO-GRID (Tollefsen, Strand & Buhaug 2012, Journal of Peace Research 49:363) divides the globe at multiples of half a
degree and numbers cells from the south-west corner, eastward, 720 to a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.geography import FINEST_KM, fine_cells, to_lonlat, towns
from abm.geometry import UN_BASES
from abm.tables import TOB_CLOSED, TOB_GIVEN_UP, TOB_OPENED, Table
from calibration.event_panels import Bools, Floats, Ints
from runs.rings import extra_bases

PER_DEGREE = 2
PER_ROW = 360 * PER_DEGREE
POINTS = 5  # a 5 km cell's land is shared among half-degree cells by 5 × 5 points
LEAST_LAND = 0.5  # of a cell that is a unit of the experiment (assumption): nothing is known beyond the region


@dataclass(frozen=True, eq=False)
class HalfDegrees:
    """A rectangle of half-degree cells over the region, numbered by row from the south-west, arrays of shape (n,).

    ``gid`` is PRIO-GRID's number, ``land`` the share of the cell inside the region, ``usable`` whether it is a unit of
    the experiment: enough land, and no main base of the UN, whose cells are entered for ever.
    """

    first_row: int
    first_column: int
    rows: int
    columns: int
    gid: Ints
    land: Floats
    usable: Bools

    def of(self, x: Floats, y: Floats) -> Ints:
        """Cells of places in km.

        Raises:
            ValueError: a place outside the rectangle, so outside the region.
        """
        row, column = _row_and_column(*to_lonlat(np.asarray(x, np.float64), np.asarray(y, np.float64)))
        row, column = row - self.first_row, column - self.first_column
        if ((row < 0) | (row >= self.rows) | (column < 0) | (column >= self.columns)).any():
            raise ValueError("a place lies outside the half-degree cells of Mopti and Ségou")
        cells: Ints = row * self.columns + column
        return cells

    def around(self, values: Floats) -> Floats:
        """Sum over the eight neighbours, those outside the rectangle counting nothing: (n, months) of (n, months)."""
        square = values.reshape(self.rows, self.columns, -1)
        padded = np.pad(square, ((1, 1), (1, 1), (0, 0)))
        steps = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
        total = sum(padded[i : i + self.rows, j : j + self.columns] for i, j in steps)
        return np.asarray(total, np.float64).reshape(values.shape)


def _row_and_column(lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
    row = np.floor((lat + 90.0) * PER_DEGREE).astype(np.int64)
    column = np.floor((lon + 180.0) * PER_DEGREE).astype(np.int64)
    return row, column


def prio_gid(lon: Floats, lat: Floats) -> Ints:
    """PRIO-GRID's number of the cell of each place in degrees."""
    row, column = _row_and_column(lon, lat)
    return row * PER_ROW + column + 1


@lru_cache(maxsize=1)
def half_degrees() -> HalfDegrees:
    """The half-degree cells of Mopti and Ségou."""
    fine = fine_cells()
    inside = (np.arange(POINTS) + 0.5) / POINTS
    ix, iy = fine.ix.astype(np.float64), fine.iy.astype(np.float64)
    x = FINEST_KM * (ix[:, None, None] + inside[:, None] + 0.0 * inside)
    y = FINEST_KM * (iy[:, None, None] + 0.0 * inside[:, None] + inside)
    row, column = _row_and_column(*to_lonlat(x.ravel(), y.ravel()))
    # The rectangle goes by corners: a village may stand at the very edge of its 5 km cell.
    edges = [_row_and_column(*to_lonlat(FINEST_KM * (ix + d), FINEST_KM * (iy + d))) for d in (0.0, 1.0)]
    first_row, first_column = int(edges[0][0].min()), int(edges[0][1].min())
    rows, columns = int(edges[1][0].max()) - first_row + 1, int(edges[1][1].max()) - first_column + 1
    points = np.bincount((row - first_row) * columns + column - first_column, minlength=rows * columns)
    all_rows, all_columns = np.divmod(np.arange(rows * columns), columns)
    gid = (first_row + all_rows) * PER_ROW + first_column + all_columns + 1
    land = points.astype(np.float64) * (FINEST_KM / POINTS) ** 2 / _area_km2()
    cells = HalfDegrees(first_row, first_column, rows, columns, gid, land, land >= LEAST_LAND)
    main = [towns()[name] for name in UN_BASES]
    cells.usable[cells.of(np.array([b.x for b in main]), np.array([b.y for b in main]))] = False
    return cells


def _area_km2() -> float:
    """Area of a cell in the projection, in which all are alike."""
    lon, lat = to_lonlat(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    return float(1.0 / ((lon[1] - lon[0]) * (lat[1] - lat[0])) / PER_DEGREE**2)


def bases_by_month(cells: HalfDegrees, operations: Table, starts: Ints) -> Bools:
    """Whether a temporary operating base is open in each cell in the middle of each month: shape (n, months).

    A snapshot of each month, as the deployment data of the study are.
    """
    tobs = operations[np.isin(operations["what"], (TOB_OPENED, TOB_CLOSED, TOB_GIVEN_UP))].copy()
    tobs["amount"] = 1  # whoever holds it: here all bases count alike, not those of the package alone
    bases = extra_bases(tobs, int(starts[-1]))
    middle = (starts[:-1] + starts[1:]) // 2
    is_open = (bases.opened[:, None] <= middle) & (middle < bases.closed[:, None])
    there = np.zeros((cells.gid.size, middle.size), np.bool_)
    np.logical_or.at(there, cells.of(bases.x, bases.y), is_open)
    return there


class Span(NamedTuple):
    """Months `first` to `last` of a cell, both included, under treatment, and the month before to compare with."""

    cell: int
    before: int
    first: int
    last: int


def entries(treated: Bools, control: Bools, usable: Bools) -> list[Span]:
    """Spells with a base in the treated run and none in the control, after a month with none in either."""
    entered, empty = treated & ~control, ~treated & ~control
    months = treated.shape[1]
    found = []
    for cell in np.flatnonzero(usable).tolist():
        for first in range(1, months):
            if entered[cell, first] and empty[cell, first - 1]:
                last = first
                while last + 1 < months and entered[cell, last + 1]:
                    last += 1
                found.append(Span(cell, first - 1, first, last))
    return found


def exits(spells: Sequence[Span], treated: Bools, control: Bools, longest: int) -> list[Span]:
    """Months without any base that follow each spell, `longest` at most, held against the spell's last month."""
    empty = ~treated & ~control
    found = []
    for spell in spells:
        last = spell.last
        while last - spell.last < longest and last + 1 < empty.shape[1] and empty[spell.cell, last + 1]:
            last += 1
        if last > spell.last:
            found.append(Span(spell.cell, spell.last, spell.last + 1, last))
    return found


def never_entered(treated: Bools, control: Bools, usable: Bools) -> Bools:
    """Cells that never have a base in either run, (n,): what the study would compare with."""
    never: Bools = usable & ~treated.any(axis=1) & ~control.any(axis=1)
    return never


class Total(NamedTuple):
    """A sum over cell-months under treatment, and how many they are; the mean effect is their ratio."""

    total: float
    months: int


def staggered(outcome: Floats, spans: Sequence[Span], never: Bools) -> Total:
    """Difference-in-differences inside one run, outcome of shape (n, months).

    For each cell-month under treatment: the change since the month before treatment, less the mean change of cells
    never entered between the same two months. These are the group-time effects of Callaway & Sant'Anna 2021 (Journal of
    Econometrics 225:200) without covariates, with never-treated comparison and the last month before as the base,
    weighted by cell-months under treatment. Where every cell is entered once, there is nothing to compare with.
    """
    if not never.any():
        return Total(0.0, 0)
    usual = outcome[never].mean(axis=0)
    total = 0.0
    for span in spans:
        months = slice(span.first, span.last + 1)
        own = outcome[span.cell, months] - outcome[span.cell, span.before]
        total += float((own - (usual[months] - usual[span.before])).sum())
    return Total(total, _length(spans))


def paired(difference: Floats, spans: Sequence[Span], *, against_before: bool) -> Total:
    """Treated run less control run, (n, months), in the cell-months under treatment: the truth in the model.

    With `against_before` the difference in the month before is taken off: how far the effect changes.
    """
    total = 0.0
    for span in spans:
        months = slice(span.first, span.last + 1)
        before = difference[span.cell, span.before] if against_before else 0.0
        total += float((difference[span.cell, months] - before).sum())
    return Total(total, _length(spans))


def _length(spans: Sequence[Span]) -> int:
    return sum(span.last - span.first + 1 for span in spans)
