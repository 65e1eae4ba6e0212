"""Displaced or prevented? Attacks on civilians by distance from the nearest extra base, with and without the bases.

Displacement is measured, never assumed: attacks of a treated run are counted by distance from the extra TOBs open on
their day, and attacks of the control run of the same draws at the same places on the same days. What is prevented is
missing near the bases and turns up nowhere; what is displaced turns up farther away.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from abm.kinds import PREVENTED, REALISED_ELSEWHERE
from abm.tables import TOB_CLOSED, TOB_GIVEN_UP, TOB_OPENED
from runs.outcomes import CIVILIAN

if TYPE_CHECKING:
    from abm.records import Records

Floats = NDArray[np.float64]

# Outer edges of the rings, km. Presence falls to 61 % at 15 km and to 14 % at 30 km by default, and armed groups go up
# to 60 effective km from home: within 30 km bases act, up to 100 km is where those turn who are kept off, and beyond it
# a base can matter only through what spreads or through troops that are elsewhere because of it.
EDGES = (15.0, 30.0, 60.0, 100.0)
RINGS = (
    f"0 to {EDGES[0]:g} km",
    *(f"{a:g} to {b:g} km" for a, b in pairwise(EDGES)),
    f"beyond {EDGES[-1]:g} km",
    "no extra base open",
)
NEAR, FAR = (0, 1), (2, 3)
NOWHERE = len(RINGS) - 1
COUNTED, EXPECTED = range(2)


@dataclass(frozen=True, eq=False)
class Attacks:
    """Attacks on civilians: days (n,), places in km (n,), and weights (2, n), as counted and as expected."""

    day: NDArray[np.int64]
    x: Floats
    y: Floats
    weight: Floats


@dataclass(frozen=True, eq=False)
class Bases:
    """Extra TOBs: places in km (m,) and the days on which they are open, opened <= day < closed."""

    x: Floats
    y: Floats
    opened: NDArray[np.int64]
    closed: NDArray[np.int64]


def attacks_on_civilians(records: Records) -> Attacks:
    """Attacks on civilians of a run.

    The chance that a candidate stood belongs to the place first tried; one realised elsewhere counts there as well.
    """
    events = records.events[np.isin(records.events["kind"], CIVILIAN)]
    elsewhere = events["outcome"] == REALISED_ELSEWHERE
    moved = events[elsewhere]
    left = records.villages[moved["elsewhere_from"]]
    counted = np.concatenate([events["outcome"] != PREVENTED, np.zeros(moved.size)])
    expected = np.concatenate([np.where(elsewhere, 1.0, events["stands"]), moved["stands"]])
    return Attacks(
        np.concatenate([events["day"], moved["day"]]),
        np.concatenate([events["x"], left["x"]]),
        np.concatenate([events["y"], left["y"]]),
        np.stack([counted, expected]),
    )


def extra_bases(operations: NDArray[Any], last_day: int) -> Bases:
    """Extra TOBs of an operations log; those still open at its end close on ``last_day``."""
    extra = operations[
        (operations["amount"] == 1) & np.isin(operations["what"], (TOB_OPENED, TOB_CLOSED, TOB_GIVEN_UP))
    ]
    still_open: dict[int, tuple[float, float, int]] = {}
    found: list[tuple[float, float, int, int]] = []
    for row in extra:
        cell, day = int(row["cell"]), int(row["day"])
        if row["what"] == TOB_OPENED:
            still_open[cell] = (float(row["x"]), float(row["y"]), day)
        else:  # no two bases share a cell: they keep their distance
            found.append((*still_open.pop(cell), day))
    found += [(x, y, opened, last_day) for x, y, opened in still_open.values()]
    columns = np.array(found, dtype=np.float64).reshape(-1, 4).T
    return Bases(columns[0], columns[1], columns[2].astype(np.int64), columns[3].astype(np.int64))


def ring_of(day: NDArray[np.int64], x: Floats, y: Floats, bases: Bases) -> NDArray[np.int64]:
    """Ring that each place lies in on its day, (n,): an index of RINGS; NOWHERE where no extra base is open."""
    if bases.x.size == 0:
        return np.full(day.shape, NOWHERE)
    is_open = (bases.opened <= day[:, None]) & (day[:, None] < bases.closed)
    km = np.where(is_open, np.hypot(x[:, None] - bases.x, y[:, None] - bases.y), np.inf).min(axis=1)
    return np.where(np.isfinite(km), np.searchsorted(EDGES, km, side="right"), NOWHERE)


def by_ring(attacks: Attacks, bases: Bases, first: int, last: int) -> Floats:
    """Attacks on days first <= day < last by ring: shape (2, RINGS), as counted and as expected."""
    inside = (attacks.day >= first) & (attacks.day < last)
    rings = ring_of(attacks.day[inside], attacks.x[inside], attacks.y[inside], bases)
    return np.stack([np.bincount(rings, w[inside], minlength=len(RINGS)) for w in attacks.weight])


def compared(treated: Records, control: Attacks, first: int, last: int) -> Floats:
    """Attacks by ring in a treated run, and in the control at the same places and days: shape (2 arms, 2, RINGS)."""
    bases = extra_bases(treated.operations, last)
    return np.stack([by_ring(attacks, bases, first, last) for attacks in (attacks_on_civilians(treated), control)])
