"""One run as numbers for the page: the world at its beginning, then what moves, day after day.

All arrays are small integers or single floats, because a run of three years has to travel in a few megabytes. Days
count from ``abm.calendar.DAY_ZERO``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from abm.geography import Grid, build_grid
from abm.geometry import geometry, shape_of
from abm.kinds import ACTORS, CIVILIANS_BY_STATE, FACTIONS, KINDS, PREVENTED
from abm.reach import friction_of
from abm.simulation import Simulation
from abm.tables import FREE, UN_BASE, Floats, Ints, Table, World
from abm.travel import Friction
from abm.views.basemap import extent_of
from abm.views.layers import un_presence_by_cell
from abm.views.palette import MARK_OF_FACTION, PERPETRATORS, mark_of_event
from abm.views.travel_lines import travel_lines
from runs.outcomes import CIVILIAN, INTERCOMMUNAL
from runs.parallel import Tick
from web.land import Points, lines_by_season
from web.packing import pack

Columns = dict[str, NDArray[Any]]

# Totals of a run to date: all but the last three add up over days; those say how many there are.
OF_EVENTS = ("civilian_attacks", "civilian_deaths", "intercommunal_events", "abuses", "prevented")
OF_DAYS = ("warnings", "answered")
THERE_NOW = {"displaced_people": "displaced", "troops": "troops", "tobs": "tobs"}  # and their column of the daily log
TOTALS = (*OF_EVENTS, *OF_DAYS, *THERE_NOW)
FULL_PRESENCE = 255

_MARK_OF_FACTION = np.array([PERPETRATORS.index(MARK_OF_FACTION[faction]) for faction in range(len(FACTIONS))])
# By kind, actor and faction; the last faction stands for none (-1).
_MARK_OF_EVENT = np.array(
    [
        [
            [PERPETRATORS.index(mark_of_event(kind, actor, faction)) for faction in (*range(len(FACTIONS)), -1)]
            for actor in range(len(ACTORS))
        ]
        for kind in range(len(KINDS))
    ]
)


def _as(kind: DTypeLike, values: NDArray[Any]) -> NDArray[Any]:
    """Values as a smaller type; whole numbers are rounded and kept within its bounds."""
    target = np.dtype(kind)
    if target.kind == "f":
        return values.astype(target)
    bounds = np.iinfo(target)
    whole: NDArray[Any] = np.clip(np.rint(values), bounds.min, bounds.max).astype(target)
    return whole


# -- the world at its beginning ----------------------------------------------------------------------------------------


def grid_of(simulation: Simulation) -> Grid:
    """The grid that a run's world stands on."""
    return geometry(simulation.scenario.world, shape_of(simulation.parameters)).grid


def pack_world(simulation: Simulation, end: int, scenario: str) -> bytes:
    """The message "world": all that does not move in one run.

    Args:
        simulation: a run that has not been advanced.
        end: first day that will not be run.
        scenario: name of the shipped scenario that was chosen.

    Header: days ``first`` and ``end``, ``seed``, ``scenario`` and its ``title``, ``presence_km`` (radius of a ring
    around a TOB), ``tob_reach_km``, ``cell_km`` with ``west`` and ``south`` of the grid, ``extent`` of the map,
    ``cercles`` (indices), ``columns`` of the totals, and ``travel``: false where the lines of the message "land" hold,
    else lines as there, whose points are the array ``travel_points``.
    """
    grid, q = grid_of(simulation), simulation.parameters
    travel, of_travel = _travel(simulation, grid)
    header = {
        "say": "world",
        "first": simulation.first_day,
        "end": end,
        "seed": simulation.seed,
        "scenario": scenario,
        "title": simulation.scenario.title,
        "presence_km": q.presence_km,
        "tob_reach_km": q.tob_reach_km,
        "cell_km": grid.size_km,
        "west": grid.x0,
        "south": grid.y0,
        "extent": list(extent_of(grid)),
        "cercles": np.unique(grid.cercle).tolist(),
        "columns": TOTALS,
        "travel": travel,
    }
    return pack(header, {**_places(simulation.world), **of_travel})


def _places(world: World) -> Columns:
    villages, bands, cells, units = world.villages, world.militias, world.cells, world.un_units
    homes = cells[world.national_forces["home"]]  # where units at home stand: the middle of the garrison's cell
    bases = world.sites[world.sites["kind"] == UN_BASE]
    return {
        "village_x": _as("f4", villages["x"]),
        "village_y": _as("f4", villages["y"]),
        "village_people": _as("i4", villages["population"]),
        "village_community": _as("u1", villages["community"]),
        "village_cell": _as("u2", villages["cell"]),
        "band_x": _as("f4", bands["x"]),
        "band_y": _as("f4", bands["y"]),
        "band_faction": _as("u1", bands["faction"]),
        "band_mark": _as("u1", _MARK_OF_FACTION[bands["faction"]]),
        "band_cercle": _as("u1", bands["cercle"]),
        "army_home_x": _as("f4", homes["x"]),
        "army_home_y": _as("f4", homes["y"]),
        "un_base_x": _as("f4", bases["x"]),
        "un_base_y": _as("f4", bases["y"]),
        "un_type": _as("u1", units["type"]),
        "un_people": _as("u2", units["troops"]),
        "un_extra": _as("u1", units["extra"]),
        "cell_col": _as("u2", cells["column"]),
        "cell_row": _as("u2", cells["row"]),
        "cell_cercle": _as("u1", cells["cercle"]),
        "cell_people": _as("i4", cells["population"]),
    }


def _travel(simulation: Simulation, grid: Grid) -> tuple[bool | list[dict[str, Any]], Columns]:
    """Lines of equal travel of a run whose grid or friction is not the usual one."""
    friction = friction_of(simulation.parameters)
    usual = build_grid()
    if (grid.size_km, grid.n) == (usual.size_km, usual.n) and friction == Friction():
        return False, {}
    sites, points = simulation.world.sites, Points()
    cells: Ints = sites["cell"][sites["kind"] == UN_BASE].astype(np.int64)
    lines = lines_by_season(points, lambda season: travel_lines(grid, cells, season, friction))
    return lines, {"travel_points": points.packed()}


# -- days --------------------------------------------------------------------------------------------------------------


def pack_days(simulation: Simulation, days: int, tick: Tick) -> bytes:
    """Run some days and give the message "days": where everything is at the end of each, totals, and events.

    Header: ``first`` day and ``count``. Arrays by day then row: ``band_strength``, ``band_hidden``; ``army_x``,
    ``army_y``, ``army_task``; ``un_x``, ``un_y``, ``un_task``; ``tob_status``, ``tob_x``, ``tob_y``, ``tob_people``;
    ``presence`` of the UN by cell, 0 to FULL_PRESENCE; ``totals`` by column of TOTALS, to date. Arrays ``event_...``
    have a row for each candidate attack of these days, in the order of the log.

    Args:
        simulation: it is advanced by so many days.
        days: how many.
        tick: called with each day that was run.
    """
    first, frames = simulation.day, []
    for _ in range(days):
        simulation.advance(1)
        frames.append(_moving(simulation))
        tick(simulation.day)
    stacked = {name: np.stack([frame[name] for frame in frames]) for name in frames[0]}
    totals = totals_to_date(simulation)[first - simulation.first_day :]
    columns = {**stacked, "totals": _as("f4", totals), **_events(_log(simulation.world, "events"), first)}
    return pack({"say": "days", "first": first, "count": days}, columns)


def _moving(simulation: Simulation) -> Columns:
    """What moves, at the end of the day that was run last."""
    world, day = simulation.world, simulation.day - 1
    bands, army, units, slots = world.militias, world.national_forces, world.un_units, world.slots
    presence = un_presence_by_cell(world, day, simulation.parameters)
    return {
        "band_strength": _as("u2", bands["strength"]),
        "band_hidden": (bands["hidden_until"] > day).astype(np.uint8),
        "army_x": _as("f4", army["x"]),
        "army_y": _as("f4", army["y"]),
        "army_task": _as("u1", army["task"]),
        "un_x": _as("f4", units["x"]),
        "un_y": _as("f4", units["y"]),
        "un_task": _as("u1", units["task"]),
        "tob_status": _as("u1", slots["status"]),
        "tob_x": _as("f4", slots["x"]),
        "tob_y": _as("f4", slots["y"]),
        "tob_people": _as("u2", people_at(slots, units)),
        "presence": _as("u1", FULL_PRESENCE * presence),
    }


def people_at(slots: Table, units: Table) -> Ints:
    """Peacekeepers at each TOB, those who set it up among them, shape (slots,)."""
    manned = slots["status"] != FREE
    people: Ints = np.where(manned, units["at_tob"][slots["unit"]], 0)
    return people


def totals_to_date(simulation: Simulation) -> Floats:
    """Totals after each day that was run, shape (days, TOTALS): those of :func:`runs.outcomes.measure` to that day."""
    events, days = _log(simulation.world, "events"), _log(simulation.world, "days")
    since = events["day"] - simulation.first_day
    kind, happened = events["kind"], events["outcome"] != PREVENTED
    on_civilians = happened & np.isin(kind, CIVILIAN)
    counted = (
        on_civilians,
        np.where(on_civilians, events["deaths"], 0),
        happened & np.isin(kind, INTERCOMMUNAL),
        happened & (kind == CIVILIANS_BY_STATE),
        ~happened,
    )
    by_day = [np.bincount(since, weights=weights, minlength=len(days)) for weights in counted]
    adding = np.cumsum([*by_day, *(days[name] for name in OF_DAYS)], axis=1)
    return np.vstack([adding, *(days[column] for column in THERE_NOW.values())]).T.astype(np.float64)


def _events(events: Table, first: int) -> Columns:
    """Rows of the event log from a day on; the log is in the order of days."""
    rows = events[np.searchsorted(events["day"], first) :]
    return {
        "event_day": _as("i4", rows["day"]),
        "event_x": _as("f4", rows["x"]),
        "event_y": _as("f4", rows["y"]),
        "event_kind": _as("u1", rows["kind"]),
        "event_mark": _as("u1", _MARK_OF_EVENT[rows["kind"], rows["actor"], rows["faction"]]),
        "event_deaths": _as("u2", rows["deaths"]),
        "event_village": _as("i4", rows["village"]),
        "event_cell": _as("u2", rows["cell"]),
        "event_outcome": _as("u1", rows["outcome"]),
        "event_answer": _as("u1", rows["answer"]),
    }


def _log(world: World, name: str) -> Table:
    """The rows of a log that are written."""
    rows: Table = getattr(world, name)[: int(world.state[0][f"n_{name}"])]
    return rows
