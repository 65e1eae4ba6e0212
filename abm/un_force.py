"""Building the UN force: the units that are there, those of a package, and the slots for temporary operating bases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.calendar import day_of
from abm.data import read_table
from abm.deployment import arrival_days, optional_day
from abm.geography import towns
from abm.geometry import UN_BASES, Geometry
from abm.parameters import Parameters
from abm.scenario import UNIT_TYPES, Scenario, UnitLine
from abm.tables import AT_BASE, FREE, NOT_ARRIVED, ON_TOB, PREPARING, SLOTS, UN_UNITS, Table
from abm.un_tobs import NEVER, tobs_allowed
from abm.villages import NOBODY

PATROLLING = ("quick_reaction", "infantry", "unidentified")


class Unit(NamedTuple):
    """A unit to be: its line, whether it belongs to the package, and the day on which it comes (NEVER: not at all)."""

    line: UnitLine
    extra: int
    arrival: int


def _standing_line(row: dict[str, str]) -> UnitLine:
    return UnitLine.model_validate(
        {
            "type": row["type"],
            "units": int(row["n"]),
            "heads": int(row["heads"]),
            "base": row["base"],
            "mobile": row["mobile"] == "yes",
            "helicopters": int(row["helicopters"]),
            "armed": row["armed"] == "yes",
        }
    )


def standing_units(scenario: Scenario, start: int) -> list[Unit]:
    """The force that is there in any case, and the units whose coming is a lever of all arms."""
    units = []
    for row in read_table("un_units_2021"):
        day: int | None = start
        if row["comes"]:
            day = optional_day(getattr(scenario.un, row["comes"]))
        line = _standing_line(row)
        units += [Unit(line, 0, NEVER if day is None else max(day, start))] * line.units
    return units


def all_units(scenario: Scenario, q: Parameters, start: int) -> list[Unit]:
    """Every unit of a run; those of the package are appended, so that common draws stay common."""
    package = [Unit(line, 1, day) for line, day in arrival_days(scenario, q)]
    return standing_units(scenario, start) + package


def un_units(g: Geometry, scenario: Scenario, q: Parameters, start: int) -> Table:
    """Table of UN units: the standing force, then the package with its days of arrival."""
    bases = {name: site for name in UN_BASES for site in np.flatnonzero(g.sites["x"] == towns()[name].x).tolist()}
    units = all_units(scenario, q, start)
    table = np.zeros(len(units), UN_UNITS)
    table["id"] = np.arange(len(units))
    table["slot"] = table["patrol_cell"] = NEVER
    table["convoy_until"] = table["out_until"] = table["hurt_day"] = start
    for row, (line, extra, arrival) in zip(table, units, strict=True):
        row.type, row.troops, row.extra, row.arrival = UNIT_TYPES.index(line.type), line.heads, extra, arrival
        row.mobile, row.medics, row.helicopters = int(line.mobile), int(line.medical_team), line.helicopters
        row.patrols, row.police = int(line.type in PATROLLING), int(line.type == "police")
        row.engineers, row.armed = int(line.type == "engineers"), int(line.armed)
        there = scenario.un.present and not extra and arrival == start
        row.task = AT_BASE if there else NOT_ARRIVED
        site = bases.get(line.base, next(iter(bases.values()), NOBODY))
        if site == NOBODY:  # a small world without a base of the UN
            row.task, row.arrival = NOT_ARRIVED, NEVER
            continue
        s = g.sites[site]
        row.site, row.home, row.cell, row.x, row.y = site, s.cell, s.cell, s.x, s.y
    return table


def reach_entry(g: Geometry, site: int, cell: int) -> int:
    """Entry of a cell in the reach of a site, NEVER where it lies beyond."""
    first, count = int(g.site_reach.first[site]), int(g.site_reach.count[site])
    found = np.flatnonzero(g.site_reach.target[first : first + count] == cell)
    return first + int(found[0]) if found.size else NEVER


def slots_for_tobs(g: Geometry, scenario: Scenario, q: Parameters, units: Table, start: int) -> Table:
    """Table of slots for temporary operating bases: as many as all mobile troops together could ever hold.

    The first one is Ogossagou's where a scenario holds it; it is at work on the first day if its day has come,
    even where mobile troops would not do for one by the rule: it was a commitment, not a choice.
    """
    mobile = int(units["troops"][units["mobile"] == 1].sum())
    slots = np.zeros(max(1, tobs_allowed(mobile, q.troops_per_tob, q.rotation)), SLOTS)
    slots["id"] = np.arange(slots.size)
    slots["status"], slots["unit"] = FREE, NOBODY
    slots["entry"] = slots["convoy_due"] = NEVER
    slots["supplied"] = start
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
            s.entry = reach_entry(g, int(unit.site), int(s.cell))
            unit.task, unit.slot, unit.cell, unit.x, unit.y = ON_TOB, 0, s.cell, s.x, s.y
    return slots
