"""Building the UN force: the units that are there, those of a package, and the slots for temporary operating bases."""

from __future__ import annotations

import numpy as np

from abm.calendar import day_of
from abm.data import read_table
from abm.deployment import arrival_day
from abm.geography import towns
from abm.geometry import UN_BASES, Geometry
from abm.parameters import Parameters
from abm.scenario import UNIT_TYPES, Scenario, UnitLine
from abm.tables import AT_BASE, FREE, NOT_ARRIVED, ON_TOB, PREPARING, SLOTS, UN_UNITS, Table
from abm.un_patrols import NEVER, tobs_allowed
from abm.villages import NOBODY

PATROLLING = ("quick_reaction", "infantry", "unidentified")


def unit_lines(scenario: Scenario) -> list[tuple[UnitLine, int]]:
    """Lines of units, each with 0 for the force that is there and 1 for the package."""
    standing = [
        UnitLine.model_validate(
            {"type": r["type"], "units": r["n"], "heads": r["heads"], "base": r["base"], "mobile": r["mobile"] == "yes"}
        )
        for r in read_table("un_units_2021")
    ]
    return [(line, 0) for line in standing] + [(line, 1) for line in scenario.package.units]


def un_units(g: Geometry, scenario: Scenario, q: Parameters, start: int) -> Table:
    """Table of UN units: the standing force, then the package with its days of arrival (its rows are appended)."""
    bases = {name: site for name in UN_BASES for site in np.flatnonzero(g.sites["x"] == towns()[name].x).tolist()}
    rows = []
    for line, extra in unit_lines(scenario):
        arrival = arrival_day(line, scenario, q) if extra else start
        rows += [(line, extra, arrival)] * line.units
    table = np.zeros(len(rows), UN_UNITS)
    for i, (line, extra, arrival) in enumerate(rows):
        u = table[i]
        site = bases.get(line.base, next(iter(bases.values()), NOBODY))
        u.id, u.type, u.troops, u.extra, u.arrival, u.slot = (
            i,
            UNIT_TYPES.index(line.type),
            line.heads,
            extra,
            arrival,
            NEVER,
        )
        u.mobile, u.patrols, u.police = int(line.mobile), int(line.type in PATROLLING), int(line.type == "police")
        u.task = AT_BASE if scenario.un.present and not extra else NOT_ARRIVED
        if site == NOBODY:  # a small world without a base of the UN
            u.task, u.arrival = NOT_ARRIVED, NEVER
            continue
        s = g.sites[site]
        u.site, u.home, u.cell, u.x, u.y = site, s.cell, s.cell, s.x, s.y
    return table


def slots_for_tobs(g: Geometry, scenario: Scenario, q: Parameters, units: Table, start: int) -> Table:
    """Table of slots for temporary operating bases: as many as all mobile troops together could ever hold.

    The first one is Ogossagou's where a scenario holds it; it is at work on the first day if its day has come,
    even where mobile troops would not do for one by the rule: it was a commitment, not a choice.
    """
    mobile = int(units["troops"][units["mobile"] == 1].sum())
    slots = np.zeros(max(1, tobs_allowed(mobile, q.troops_per_tob, q.rotation)), SLOTS)
    slots["id"] = np.arange(slots.size)
    slots["status"], slots["unit"] = FREE, NOBODY
    ogossagou = towns()["Ogossagou"]
    inside = g.grid.cell_of(ogossagou.x, ogossagou.y) >= 0
    if scenario.un.hold_ogossagou and inside:
        s = slots[0]
        s.cell = g.grid.cell_of(ogossagou.x, ogossagou.y)
        s.x, s.y = g.grid.x[s.cell], g.grid.y[s.cell]
        s.fixed, s.opens, s.closes = 1, max(start, day_of(scenario.un.ogossagou_from)), NEVER
        holders = np.flatnonzero((units["mobile"] == 1) & (units["task"] == AT_BASE))
        if s.opens <= start and holders.size:  # it is there on the first day
            s.status, s.unit = PREPARING, holders[0]
            unit = units[holders[0]]
            unit.task, unit.slot, unit.cell, unit.x, unit.y = ON_TOB, 0, s.cell, s.x, s.y
    return slots
