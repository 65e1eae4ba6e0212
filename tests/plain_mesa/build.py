"""From the tables of a world to objects, once, and back to tables when the run is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from abm import tables
from abm.kinds import BAND, BAND_ON_PATROL, LIABLE_ARMY, NATIONAL_FORCES, ON_ARMY
from plain_mesa.army_unit import ArmyUnit
from plain_mesa.band import Band
from plain_mesa.justice import Case, Justice, Memory
from plain_mesa.logs import Event, Operation, Totals
from plain_mesa.model import PlainMali
from plain_mesa.numbers import Numbers
from plain_mesa.places import Cell, Site, Village, Zone
from plain_mesa.un_unit import Command, Tob, UNUnit

Arrays = Mapping[str, Any]  # the arrays of a World by name
NONE = -1


# --- from tables ----------------------------------------------------------------------------------------------------


def rows(table: Any, n: int | None = None) -> list[dict[str, Any]]:
    """The first `n` rows of a table as dictionaries of plain numbers."""
    return [dict(zip(table.dtype.names, row, strict=True)) for row in table[:n].tolist()]


def _cells(arrays: Arrays) -> list[Cell]:
    """Cells that know the cells in which a unit among them is felt."""
    cells = [Cell(number, row) for number, row in enumerate(rows(arrays["cells"]))]
    by_place = {(cell.column, cell.row): cell for cell in cells}
    columns = (arrays["stamp_offset"].tolist(), *arrays["stamps"].tolist(), arrays["stamp_kernel"].tolist())
    stamps = list(zip(*columns, strict=True))
    for cell in cells:
        for (right, up), *strengths in stamps:
            near = by_place.get((cell.column + right, cell.row + up))
            if near is not None:
                cell.near.append((near, *strengths))
    return cells


def _reach(row: Mapping[str, int], targets: list[int], km: list[list[float]]) -> list[tuple[int, tuple[float, ...]]]:
    entries = range(row["first_reach"], row["first_reach"] + row["n_reach"])
    return [(targets[entry], tuple(km[entry])) for entry in entries]


def _place_agents(model: PlainMali, arrays: Arrays) -> None:
    cells = model.cells
    model.villages = [Village(model, i, row, cells[row["cell"]]) for i, row in enumerate(rows(arrays["villages"]))]
    model.zones = [Zone(model, i, row) for i, row in enumerate(rows(arrays["zones"]))]
    targets, km = arrays["reach_village"].tolist(), arrays["reach_km"].tolist()
    model.bands = []
    for i, row in enumerate(rows(arrays["militias"])):
        ways = [(model.villages[village], way) for village, way in _reach(row, targets, km)]
        model.bands.append(Band(model, i, row, cells[row["cell"]], ways))
    targets, km = arrays["site_cell"].tolist(), arrays["site_km"].tolist()
    model.sites = []
    for i, row in enumerate(rows(arrays["sites"])):
        ways = [(cells[cell], way) for cell, way in _reach(row, targets, km)]
        model.sites.append(Site(i, row, cells[row["cell"]], ways))
    model.army, model.un_units = (
        [
            kind(model, i, row, model.sites[row["site"]], cells[row["home"]], cells[row["cell"]])
            for i, row in enumerate(rows(arrays[name]))
        ]
        for kind, name in ((ArmyUnit, "national_forces"), (UNUnit, "un_units"))
    )
    model.slots = []
    for i, row in enumerate(rows(arrays["slots"])):
        slot = Tob(model, i, row, cells[row["cell"]])
        if row["unit"] != NONE:
            slot.unit = model.un_units[row["unit"]]
            slot.unit.slot = slot
        model.slots.append(slot)


def _optional(things: list[Any], number: int) -> Any:
    return None if number == NONE else things[number]


def _targets_of(model: PlainMali, actor: int, action: int) -> list[Any]:
    if actor == BAND_ON_PATROL:
        return model.un_units
    return model.army if actor == BAND and action == ON_ARMY else model.bands


def _read_logs(model: PlainMali, arrays: Arrays, state: Mapping[str, Any]) -> None:
    for number, row in enumerate(rows(arrays["events"], state["n_events"])):
        actors = model.army if row["actor"] == NATIONAL_FORCES else model.bands
        things = {
            "perpetrator": actors[row["perpetrator"]],
            "target": _optional(_targets_of(model, row["actor"], row["action"]), row["target"]),
            "cell": model.cells[row["cell"]],
            "village": _optional(model.villages, row["village"]),
            "elsewhere_from": _optional(model.villages, row["elsewhere_from"]),
            "parent": _optional(model.events, row["parent"]),
        }
        del row["cercle"]
        model.events.append(Event(number=number, **{**row, **things}))
    for row in rows(arrays["operations"], state["n_operations"]):
        model.operations.append(Operation(**{**row, "cell": _optional(model.cells, row["cell"])}))
    model.days = [Totals(**row) for row in rows(arrays["days"], state["n_days"])]
    for row in rows(arrays["cases"], state["n_cases"]):
        culprits = model.army if row["liable"] == LIABLE_ARMY else model.bands
        things = {"perpetrator": culprits[row["perpetrator"]], "village": model.villages[row["village"]]}
        model.justice.cases.append(Case(**{**row, **things}))


def build(arrays: Arrays, numbers: Numbers, seed: int, day: int) -> PlainMali:
    """A twin in the state that the tables describe on the morning of `day`."""
    state = rows(arrays["state"])[0]
    model = PlainMali(numbers, seed, day, state["clock_zero"])
    model.cells = _cells(arrays)
    _place_agents(model, arrays)
    model.commander = Command(model, [model.cells[number] for number in arrays["fixed_sites"].tolist()])
    model.justice = Justice(model, state["investigation_budget"], state["first_open_case"])
    model.justice.memories = [Memory(model, i, row) for i, row in enumerate(rows(arrays["risk"]))]
    _read_logs(model, arrays, state)
    return model


# --- back to tables -------------------------------------------------------------------------------------------------


def _plain(value: Any) -> int | float:
    """A number as it is; the row of an object; -1 for none."""
    if value is None:
        return NONE
    return value if isinstance(value, int | float) else int(value.number)


def _table(things: Iterable[Any], dtype: np.dtype[Any]) -> Any:
    names = dtype.names or ()
    plain = np.dtype([(name, dtype[name]) for name in names])
    return np.array([tuple(_plain(getattr(thing, name)) for name in names) for thing in things], plain)


class _State:
    """The counters of a run, under the names that the compiled model gives them."""

    def __init__(self, model: PlainMali) -> None:
        self.n_events, self.n_operations, self.n_days = len(model.events), len(model.operations), len(model.days)
        self.n_cases, self.first_open_case = len(model.justice.cases), model.justice.first_open_case
        self.clock_zero, self.investigation_budget = model.clock_zero, model.justice.budget


def tables_of(model: PlainMali) -> dict[str, Any]:
    """Logs and state of a twin as structured arrays, one per table of the compiled model."""
    return {
        "events": _table(model.events, tables.EVENTS),
        "operations": _table(model.operations, tables.OPERATIONS),
        "days": _table(model.days, tables.DAYS),
        "cases": _table(model.justice.cases, tables.CASES),
        "villages": _table(model.villages, tables.VILLAGES),
        "militias": _table(model.bands, tables.MILITIAS),
        "national_forces": _table(model.army, tables.NATIONAL_FORCES),
        "un_units": _table(model.un_units, tables.UN_UNITS),
        "sites": _table(model.sites, tables.SITES),
        "slots": _table(model.slots, tables.SLOTS),
        "cells": _table(model.cells, tables.CELLS),
        "zones": _table(model.zones, tables.ZONES_TABLE),
        "risk": _table(model.justice.memories, tables.RISK),
        "state": _table([_State(model)], tables.STATE),
    }
