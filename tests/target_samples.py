"""Made-up sets of events for tests of the calibration targets."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from abm.calendar import day_of
from abm.geography import CERCLES, COMMUNITIES
from abm.kinds import CIVILIAN_KINDS, KINDS
from calibration.event_sets import EventSet

YEAR_2019 = day_of(date(2019, 1, 1)), day_of(date(2020, 1, 1))


class Seen(NamedTuple):
    """One event, to be written down by hand."""

    when: date
    kind: str
    deaths: int = 0
    cercle: str = "Koro"
    x: float = 0.0
    y: float = 0.0
    community: str = ""
    place: int = 0


def event_set(rows: list[Seen], days: tuple[int, int] = YEAR_2019) -> EventSet:
    """A set of events from rows; the place is the row's number where it is 0."""

    def whole(numbers: list[int]) -> np.ndarray:
        return np.array(numbers, dtype=np.int64)

    return EventSet(
        day=whole([day_of(row.when) for row in rows]),
        kind=whole([KINDS.index(row.kind) for row in rows]),
        deaths=whole([row.deaths for row in rows]),
        cercle=whole([CERCLES.index(row.cercle) for row in rows]),
        x=np.array([row.x for row in rows], dtype=np.float64),
        y=np.array([row.y for row in rows], dtype=np.float64),
        community=whole([COMMUNITIES.index(row.community) if row.community else -1 for row in rows]),
        place=whole([row.place or 1000 + number for number, row in enumerate(rows)]),
        first_day=days[0],
        last_day=days[1],
    )


def scattered(n: int, seed: int, km: float = 150.0, days: tuple[int, int] = YEAR_2019, raids: int = 0) -> EventSet:
    """Events of all kinds at random places on random days; ``raids`` of them each with a follower near it."""
    rng = np.random.default_rng(seed)
    day, x, y = rng.integers(*days, n), rng.uniform(0.0, km, n), rng.uniform(0.0, km, n)
    followed = rng.choice(n, raids, replace=False)
    day = np.concatenate([day, np.minimum(day[followed] + rng.integers(0, 3, raids), days[1] - 1)])
    x, y = (np.concatenate([at, at[followed] + rng.normal(0.0, 3.0, raids)]) for at in (x, y))
    kind = rng.integers(0, len(KINDS), n + raids)
    community = np.where(kind < len(CIVILIAN_KINDS), rng.integers(0, 2, n + raids), -1)
    return EventSet(
        day=day, kind=kind, deaths=rng.geometric(0.3, n + raids) - 1, cercle=rng.integers(0, len(CERCLES), n + raids),
        x=x, y=y, community=community, place=rng.integers(0, n, n + raids), first_day=days[0], last_day=days[1],
    )  # fmt: skip


def reordered(events: EventSet, order: np.ndarray) -> EventSet:
    """The same events, rows in another order."""
    arrays = {name: value[order] for name, value in vars(events).items() if isinstance(value, np.ndarray)}
    return EventSet(**arrays, first_day=events.first_day, last_day=events.last_day, dropped=events.dropped)
