"""From the tables of a world to objects, once, and back to tables when the run is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from abm import tables
from abm.kinds import AVERTED_BY_ARMY, BAND, BAND_ON_PATROL, LIABLE_ARMY, NATIONAL_FORCES, ON_ARMY
from plain_mesa.army_unit import ArmyUnit
from plain_mesa.band import Band
from plain_mesa.command import Command
from plain_mesa.community import Cercle, Pair
from plain_mesa.justice import Case, Justice, Memory
from plain_mesa.logs import Event, Operation, Totals
from plain_mesa.model import PlainMali
from plain_mesa.numbers import Numbers
from plain_mesa.places import Cell, Zone
from plain_mesa.recruitment import Recruitment
from plain_mesa.site import Site, Way
from plain_mesa.strategy import Strategy
from plain_mesa.tob import Tob
from plain_mesa.told import Told
from plain_mesa.un_unit import UNUnit
from plain_mesa.village import Village

Arrays = Mapping[str, Any]  # the arrays of a World by name
NONE = -1


# --- from tables ----------------------------------------------------------------------------------------------------


def rows(table: Any, n: int | None = None) -> list[dict[str, Any]]:
    """The first `n` rows of a table as dictionaries of plain numbers."""
    return [dict(zip(table.dtype.names, row, strict=True)) for row in table[:n].tolist()]


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What an object takes over as it is: not the numbers of rows that stand for other objects."""
    return {name: value for name, value in row.items() if name not in names}


def _optional(things: list[Any], number: int) -> Any:
    return None if number == NONE else things[number]


def _place_communities(model: PlainMali, arrays: Arrays) -> None:
    model.zones = [Zone(model, i, row) for i, row in enumerate(rows(arrays["zones"]))]
    model.cercles = [Cercle(model, i, row, model.zones[row["zone"]]) for i, row in enumerate(rows(arrays["cercles"]))]
    model.pairs = [Pair(model, i, row, model.cercles[row["cercle"]]) for i, row in enumerate(rows(arrays["pairs"]))]


def _place_cells(model: PlainMali, arrays: Arrays) -> None:
    """Cells that know the cells in which a unit among them is felt."""
    model.cells = cells = [
        Cell(number, _without(row, "cercle"), model.cercles[row["cercle"]])
        for number, row in enumerate(rows(arrays["cells"]))
    ]
    by_place = {(cell.column, cell.row): cell for cell in cells}
    columns = (arrays["stamp_offset"].tolist(), *arrays["stamps"].tolist(), arrays["stamp_kernel"].tolist())
    stamps = list(zip(*columns, strict=True))
    for cell in cells:
        for (right, up), *strengths in stamps:
            near = by_place.get((cell.column + right, cell.row + up))
            if near is not None:
                cell.near.append((near, *strengths))


def _reach(row: Mapping[str, int]) -> range:
    return range(row["first_reach"], row["first_reach"] + row["n_reach"])


def _place_people(model: PlainMali, arrays: Arrays) -> None:
    cells, cercles = model.cells, model.cercles
    model.villages = [
        Village(model, i, _without(row, "cell", "cercle"), cells[row["cell"]], cercles[row["cercle"]])
        for i, row in enumerate(rows(arrays["villages"]))
    ]
    model.villages_by_size = sorted(model.villages, key=lambda village: -village.population)
    targets, km = arrays["reach_village"].tolist(), arrays["reach_km"].tolist()
    model.bands = []
    for i, row in enumerate(rows(arrays["militias"])):
        ways = [(model.villages[targets[entry]], tuple(km[entry])) for entry in _reach(row)]
        own = _without(row, "cell", "cercle")
        model.bands.append(Band(model, i, own, cells[row["cell"]], cercles[row["cercle"]], ways))


def _place_units(model: PlainMali, arrays: Arrays) -> None:
    cells = model.cells
    targets, km = arrays["site_cell"].tolist(), arrays["site_km"].tolist()
    ways = [Way(i, cells[cell], tuple(km[i])) for i, cell in enumerate(targets)]
    model.sites = [
        Site(model, i, row, cells[row["cell"]], [ways[entry] for entry in _reach(row)])
        for i, row in enumerate(rows(arrays["sites"]))
    ]
    links = ("site", "home", "cell", "slot", "patrol_cell")
    model.army, model.un_units = (
        [
            kind(model, i, _without(row, *links), model.sites[row["site"]], cells[row["home"]], cells[row["cell"]])
            for i, row in enumerate(rows(arrays[name]))
        ]
        for kind, name in ((ArmyUnit, "national_forces"), (UNUnit, "un_units"))
    )
    model.slots = []
    links = ("cell", "entry", "unit")
    for i, row in enumerate(rows(arrays["slots"])):
        slot = Tob(model, i, _without(row, *links), cells[row["cell"]], _optional(ways, row["entry"]))
        slot.unit = _optional(model.un_units, row["unit"])
        model.slots.append(slot)
    for unit, row in zip(model.un_units, rows(arrays["un_units"]), strict=True):
        unit.slot, unit.patrol_cell = _optional(model.slots, row["slot"]), _optional(cells, row["patrol_cell"])


def _targets_of(model: PlainMali, actor: int, action: int) -> list[Any]:
    if actor == BAND_ON_PATROL:
        return model.un_units
    return model.army if actor == BAND and action == ON_ARMY else model.bands


def _who_and_where(model: PlainMali, row: Mapping[str, Any]) -> dict[str, Any]:
    """The agents and places that a row of the log, or of what is told, is about."""
    actors = model.army if row["actor"] == NATIONAL_FORCES else model.bands
    return {
        "perpetrator": actors[row["perpetrator"]],
        "target": _optional(_targets_of(model, row["actor"], row["action"]), row["target"]),
        "cell": model.cells[row["cell"]],
        "village": _optional(model.villages, row["village"]),
    }


def _tell(model: PlainMali, arrays: Arrays, state: Mapping[str, Any]) -> None:
    known = []
    for row in rows(arrays["lived"]):
        cell = model.cells[row["cell"]]
        known.append({**row, **_who_and_where(model, row), "zone": cell.zone, "x": cell.x, "y": cell.y})
    course = arrays["course"].tolist()
    model.told = Told(model, state["lived_until"], known, state["lived_row"], course, state["course_from"])


def _read_logs(model: PlainMali, arrays: Arrays, state: Mapping[str, Any]) -> None:
    for number, row in enumerate(rows(arrays["events"], state["n_events"])):
        responders = model.army if row["answer"] == AVERTED_BY_ARMY else model.un_units
        things = {
            **_who_and_where(model, row),
            "elsewhere_from": _optional(model.villages, row["elsewhere_from"]),
            "responder": _optional(responders, row["responder"]),
            "parent": _optional(model.events, row["parent"]),
        }
        model.events.append(Event(number=number, **{**_without(row, "cercle"), **things}))
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
    model.displaced = state["displaced_people"]
    _place_communities(model, arrays)
    _place_cells(model, arrays)
    _place_people(model, arrays)
    _place_units(model, arrays)
    _tell(model, arrays, state)
    preferred = [model.cells[number] for number in arrays["fixed_sites"].tolist()]
    model.commander = Command(model, preferred, state["served_share"])
    model.recruitment = Recruitment(model, state["recruit_row"])
    model.justice = Justice(model, state["investigation_budget"], state["first_open_case"])
    model.justice.memories = [Memory(model, i, row) for i, row in enumerate(rows(arrays["risk"]))]
    budgets = (state[f"{work}_budget"] for work in ("dialogue", "disarmament", "services"))
    model.strategy = Strategy(model, *budgets)
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
        self.recruit_row, self.served_share = model.recruitment.considered, model.commander.served_share
        self.displaced_people, self.served_villages = model.displaced, model.served_villages
        self.dialogue_budget, self.disarmament_budget = (
            model.strategy.dialogue_budget,
            model.strategy.disarmament_budget,
        )
        self.services_budget = model.strategy.services_budget
        self.lived_until, self.lived_row = model.told.until, model.told.read
        self.course_from = model.told.course_from


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
        "pairs": _table(model.pairs, tables.PAIRS),
        "cercles": _table(model.cercles, tables.CERCLES_TABLE),
        "risk": _table(model.justice.memories, tables.RISK),
        "state": _table([_State(model)], tables.STATE),
    }
