"""Days of which it is known what happened: events are told to the run instead of being made by it.

A forecast starts from lived history: what is recorded of the months before happens again on days, at places and by
bands that are drawn (``calibration.replay``), and has its consequences. (Attacks on the UN only enter the log: which
unit bore them is not recorded.) After that the run makes its own events, at the usual rates times a course by month
and cercle if one is given; series of attacks follow from what happened, whatever the course.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.compiled import phase
from abm.geography import CERCLES
from abm.kinds import KINDS, NATIONAL_FORCES, ON_ARMY, ON_VILLAGE
from abm.logbook import new_event, put_at_village
from abm.tables import LIVED, Floats, Table, World

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class LivedHistory:
    """What a run is told.

    Args:
        until: day number; events of earlier days come from ``events`` alone.
        events: rows of ``abm.tables.LIVED`` in the order of their days, all before ``until``; perpetrators, targets,
            villages and cells are rows of the world's tables.
        course: multiples of usual rates by month and cercle, shape (months, 15), from the month of the run's first day
            on; the last row holds on. Attempts by bands that continue no series, clashes of operations and abuses are
            multiplied by it.

    Raises:
        ValueError: events out of order or too late, or a course of another shape or below zero.
    """

    until: int
    events: Table
    course: Floats

    def __post_init__(self) -> None:
        days = self.events["day"]
        if self.events.dtype != LIVED or (np.diff(days) < 0).any() or (days >= self.until).any():
            raise ValueError(f"events: expected rows of LIVED ordered by day, all before day {self.until}")
        if self.course.ndim != 2 or self.course.shape[0] < 1 or self.course.shape[1] != len(CERCLES):
            raise ValueError(f"course: expected the shape (months, {len(CERCLES)}), got {self.course.shape}")
        if self.course.dtype != np.float64 or not np.isfinite(self.course).all() or (self.course < 0).any():
            raise ValueError("course: expected finite multiples of 0 or more, as float64")

    def check(self, bands: int, units: int, villages: int, cells: int) -> None:
        """See that rows name what a world has, and that no day tells more than its logs keep room for.

        Raises:
            ValueError: a perpetrator, target, village or cell that does not exist, or more events on a day than bands.
        """
        e = self.events
        if e.size == 0:
            return
        by_army, village_hit = e["actor"] == NATIONAL_FORCES, e["action"] == ON_VILLAGE
        ambush = ~by_army & (e["action"] == ON_ARMY)
        most_targets = np.where(ambush, units, bands)
        no_target = np.where(ambush | (by_army & ~village_hit), 0, NOWHERE)
        for name, low, high in (
            ("perpetrator", 0, np.where(by_army, units, bands)),
            ("target", no_target, most_targets),
            ("village", NOWHERE, villages),
            ("cell", 0, cells),
            ("kind", 0, len(KINDS)),
        ):
            wrong = np.flatnonzero((e[name] < low) | (e[name] >= high))
            if wrong.size:
                raise ValueError(f"events: row {wrong[0]}: {name}: the world has no {e[name][wrong[0]]}")
        nowhere = np.flatnonzero(village_hit & (e["village"] == NOWHERE))
        if nowhere.size:
            raise ValueError(f"events: row {nowhere[0]}: village: an attack on villagers needs one")
        busiest = int(np.unique(e["day"], return_counts=True)[1].max())
        if busiest > bands:
            raise ValueError(f"events: expected at most {bands} events on a day, as there are bands, got {busiest}")


def usual_course() -> LivedHistory:
    """Nothing is told: usual rates throughout."""
    return LivedHistory(0, np.zeros(0, LIVED), np.ones((1, len(CERCLES))))


@phase
def is_lived(world: World, day: int) -> bool:
    """Whether it is known what happened on this day."""
    known: bool = day < world.state[0].lived_until
    return known


@phase
def relive(world: World, day: int) -> None:
    """Write what happened on this day to the event log."""
    s = world.state[0]
    while s.lived_row < world.lived.shape[0] and world.lived[s.lived_row].day <= day:
        known = world.lived[s.lived_row]
        s.lived_row += 1
        if known.day < day:
            continue
        row = new_event(world, day, known.kind, known.actor, known.faction, known.perpetrator, known.action, known.cell)
        if known.village != NOWHERE:
            put_at_village(world, row, known.village)
        e = world.events[row]
        e.target, e.deaths, e.mean_deaths = known.target, known.deaths, float(known.deaths)
