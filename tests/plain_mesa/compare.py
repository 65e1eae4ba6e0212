"""Where two runs differ first: day, table, row, column and both values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.calendar import date_of
from plain_mesa.launch import LOGS, Tables

NO_DAY = -1


@dataclass(frozen=True)
class Difference:
    """The first row of a table that is not the same to the bit; `day` is -1 for tables without dates."""

    day: int
    table: str
    row: int
    column: str
    compiled: object
    twin: object

    def __str__(self) -> str:
        when = "at the end" if self.day == NO_DAY else f"{date_of(self.day)} (day {self.day})"
        values = f"compiled {self.compiled!r}, twin {self.twin!r}"
        return f"{when}: {self.table}, row {self.row}, column {self.column}: {values}"


def _bits(column: Any) -> Any:
    """Values as the integers that their bits spell: tells 0.0 from -0.0, and one NaN from another."""
    return np.ascontiguousarray(column).view(np.int64)


def _differing(compiled: Any, twin: Any) -> Iterable[tuple[int, str]]:
    """First differing row of each column; a log that is shorter differs where it ends."""
    common = min(len(compiled), len(twin))
    for column in twin.dtype.names:
        rows = np.flatnonzero(_bits(compiled[column][:common]) != _bits(twin[column][:common]))
        if rows.size:
            yield int(rows[0]), column
        elif len(compiled) != len(twin):
            yield common, column


def difference(table: str, compiled: Any, twin: Any) -> Difference | None:
    """First difference between two versions of a table, None if all bits agree."""
    first = min(_differing(compiled, twin), default=None, key=lambda place: place[0])
    if first is None:
        return None
    row, column = first
    values = [side[column][row].item() if row < len(side) else "no such row" for side in (compiled, twin)]
    days = [int(side["day"][row]) for side in (compiled, twin) if table in LOGS and row < len(side)]
    return Difference(min(days, default=NO_DAY), table, row, column, values[0], values[1])


def first_difference(compiled: Tables, twin: Tables) -> Difference | None:
    """The earliest difference in the logs, or else the first in the state at the end; None if all bits agree."""
    for names in (list(LOGS), [name for name in compiled if name not in LOGS]):
        found = [d for d in (difference(name, compiled[name], twin[name]) for name in names) if d is not None]
        if found:
            return min(found, key=lambda d: d.day)
    return None
