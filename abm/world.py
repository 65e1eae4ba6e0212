"""How a world is built from a scenario and parameters: geometry once, tables anew for every run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from abm.bands import Bands, build_bands, weights
from abm.calendar import calendar_table, day_of
from abm.data import read_table
from abm.deployment import arrival_day
from abm.gazetteer import load_gazetteer
from abm.geography import CERCLES, ZONE_OF_CERCLE, ZONES, Grid, build_grid, to_km, towns
from abm.history import past_heat, past_hits, recorded_before, remembered_abuses
from abm.kinds import CIVILIAN_KINDS, KINDS, LIABLE
from abm.parameters import Parameters
from abm.presence import UNIT, gaussian
from abm.randomness import WORLD, uniforms
from abm.reach import Reach, band_reach, friction_of, site_reach
from abm.scenario import UNIT_TYPES, Scenario, UnitLine, WorldLevers
from abm.settlements import Settlements, synthetic_settlements
from abm.tables import (
    AT_BASE, CASES, CELLS, DAYS, EVENTS, FREE, GARRISON, MILITIAS, NATIONAL_FORCES, NOT_ARRIVED, ON_TOB, OPERATIONS,
    PREPARING, RISK, SITES, SLOTS, STATE, UN_BASE, UN_UNITS, VILLAGES, ZONES_TABLE, Ints, Table, World,
)  # fmt: skip
from abm.travel import Friction
from abm.un_patrols import NEVER, tobs_allowed
from abm.villages import NOBODY, appeal

DISCIPLINE = 104  # `day` of the WORLD draws
FIRST_ROWS = {"events": 4096, "operations": 2048, "cases": 2048}
WESTERN = ("Tenenkou", "Youwarou")  # assumption: the western Mopti that joined the sector in 2021
PATROLLING = ("quick_reaction", "infantry", "unidentified")
ARMY_UNIT = 50  # soldiers in a unit (assumption, with the garrisons)
UN_BASES = ("Sévaré", "Douentza")


class Shape(NamedTuple):
    """The parameters that shape the synthetic world; draws that agree on them share it."""

    reach_km: float
    army_operation_km: float
    tob_reach_km: float
    friction: Friction
    cercle_counts: tuple[tuple[float, ...], ...]


def shape_of(q: Parameters) -> Shape:
    """The part of the parameters that shapes the synthetic world."""
    return Shape(q.reach_km, q.army_operation_km, q.tob_reach_km, friction_of(q), q.rates.cercle_counts)


@dataclass(frozen=True, eq=False)
class Geometry:
    """What depends on the synthetic world only, shared by all runs in it and never written to."""

    grid: Grid
    settlements: Settlements  # ordered by cell
    cell_of_settlement: Ints
    bands: Bands  # of the whole region; `kept` are the rows inside this world
    kept: Ints
    band_cell: Ints
    band_reach: Reach
    sites: Table
    site_reach: Reach


def _settlements(levers: WorldLevers) -> Settlements:
    if levers.gazetteer is not None:
        return load_gazetteer(levers.gazetteer, levers.seed).settlements
    return synthetic_settlements(levers.seed)


def nearest_cell(grid: Grid, x: float, y: float) -> int:
    """Cell at a place, or the nearest one where the place lies just outside the grid."""
    cell = grid.cell_of(x, y)
    if cell >= 0:
        return cell
    return int(np.argmin((grid.x - x) * (grid.x - x) + (grid.y - y) * (grid.y - y)))


def _sites(grid: Grid, cercles: tuple[str, ...]) -> Table:
    """Garrisons of national forces, then main bases of the UN, inside this world."""
    places = [
        (GARRISON, *to_km(float(r["lon"]), float(r["lat"])), float(r["strength"])) for r in read_table("garrisons")
    ]
    places += [(UN_BASE, towns()[name].x, towns()[name].y, 0.0) for name in UN_BASES]
    rows = []
    for kind, x, y, capacity in places:
        outside = grid.cell_of(float(x), float(y)) < 0
        if outside and cercles:
            continue
        rows.append((kind, nearest_cell(grid, float(x), float(y)), float(x), float(y), capacity))
    sites = np.zeros(len(rows), SITES)
    for i, (kind, cell, x, y, capacity) in enumerate(rows):
        s = sites[i]
        s.id, s.kind, s.cell, s.zone, s.x, s.y, s.capacity = i, kind, cell, grid.zone[cell], x, y, capacity
        s.opened, s.closes = 0, NEVER
    return sites


@lru_cache(maxsize=8)
def geometry(levers: WorldLevers, shape: Shape) -> Geometry:
    """The synthetic world: settlements, bands' homes, and who reaches what.

    Args:
        levers: grid size, cercles, seed and gazetteer.
        shape: reach, friction, and recorded events by faction and cercle.
    """
    grid = build_grid(levers.cell_km, levers.cercles or None)
    everyone = _settlements(levers)
    bands = build_bands(levers.seed, everyone, shape.cercle_counts)
    home_x, home_y = everyone.x[bands.home], everyone.y[bands.home]
    band_cell = grid.cells_of(home_x, home_y)
    kept = np.flatnonzero(band_cell >= 0)
    cells = grid.cells_of(everyone.x, everyone.y)
    inside = np.flatnonzero(cells >= 0)
    order = inside[np.argsort(cells[inside], kind="stable")]
    sites = _sites(grid, levers.cercles)
    limits = np.where(sites["kind"] == GARRISON, shape.army_operation_km, shape.tob_reach_km)
    reach_of_sites = site_reach(grid, sites["cell"], limits, shape.friction)
    sites["first_reach"], sites["n_reach"] = reach_of_sites.first, reach_of_sites.count
    return Geometry(
        grid=grid, settlements=everyone.only(order), cell_of_settlement=cells[order], bands=bands, kept=kept,
        band_cell=band_cell, band_reach=band_reach(
            grid, band_cell[kept], cells[order], shape.reach_km, shape.friction, home_x[kept], home_y[kept]
        ),
        sites=sites, site_reach=reach_of_sites,
    )  # fmt: skip


def _villages(g: Geometry, q: Parameters, start: date, world_seed: int) -> tuple[Table, np.ndarray]:
    s = g.settlements
    villages = np.zeros(s.n, VILLAGES)
    for name in ("id", "cercle", "population", "community", "mixed", "refusal", "x", "y"):
        villages[name] = getattr(s, name)
    villages["cell"] = g.cell_of_settlement
    villages["zone"] = np.array(ZONE_OF_CERCLE)[s.cercle]
    villages["last_attack"] = NEVER
    exponent, multiplier = q.population_exponent, q.mixed_multiplier
    villages["appeal"] = [
        appeal(int(people), int(mixed), exponent, multiplier)
        for people, mixed in zip(s.population.tolist(), s.mixed.tolist(), strict=True)
    ]
    counts = recorded_before(start)
    villages["hits"] = past_hits(world_seed, counts, s.cercle, q.rates.reuse_discount, q.rates.reuse_new_weight)
    heat = past_heat(villages["hits"], s.cercle, recorded_before(start, months=12), q.heat_half_life)
    return villages, heat


def _cells(g: Geometry, villages: Table, heat: np.ndarray, start: int) -> Table:
    grid = g.grid
    cells = np.zeros(grid.n, CELLS)
    cells["id"] = np.arange(grid.n)
    cells["cercle"], cells["zone"], cells["x"], cells["y"] = grid.cercle, grid.zone, grid.x, grid.y
    cells["column"], cells["row"] = grid.ix, grid.iy
    cells["western"] = np.isin(grid.cercle, [CERCLES.index(name) for name in WESTERN])
    cells["n_villages"] = np.bincount(villages["cell"], minlength=grid.n)
    cells["first_village"] = np.cumsum(cells["n_villages"]) - cells["n_villages"]
    cells["population"] = np.bincount(villages["cell"], weights=villages["population"], minlength=grid.n)
    cells["heat"] = np.bincount(villages["cell"], weights=heat, minlength=grid.n)
    for name in ("un_patrol_day", "un_after_day", "army_trace_day", "heat_day"):
        cells[name] = start
    return cells


def _militias(g: Geometry, q: Parameters, start: int) -> Table:
    b, kept = g.bands, g.kept
    table = np.zeros(kept.size, MILITIAS)
    table["id"] = kept
    for name in ("faction", "jihadist", "community", "cercle"):
        table[name] = getattr(b, name)[kept]
    table["zone"] = np.array(ZONE_OF_CERCLE)[b.cercle[kept]]
    table["cell"] = g.band_cell[kept]
    table["x"], table["y"] = g.band_reach.x, g.band_reach.y
    table["strength"] = table["strength_start"] = b.strength[kept]
    table["weight"] = weights(b, q.strength_exponent)[kept]
    table["first_reach"], table["n_reach"] = g.band_reach.first, g.band_reach.count
    table["strength_day"] = table["excitation_day"] = table["hidden_until"] = start
    return table


def _national_forces(g: Geometry, q: Parameters, world_seed: int, start: int) -> Table:
    garrisons = np.flatnonzero(g.sites["kind"] == GARRISON)
    units = [(site, int(round(g.sites["capacity"][site] / ARMY_UNIT))) for site in garrisons.tolist()]
    table = np.zeros(sum(n for _, n in units), NATIONAL_FORCES)
    table["id"] = np.arange(table.size)
    table["site"] = np.repeat([site for site, _ in units], [n for _, n in units])
    for name, column in (("home", "cell"), ("cell", "cell"), ("zone", "zone"), ("x", "x"), ("y", "y")):
        table[name] = g.sites[column][table["site"]]
    table["strength"] = table["strength_start"] = ARMY_UNIT
    table["strength_day"] = start
    spread = q.discipline_spread
    z = ndtri(uniforms(world_seed, WORLD, table["id"].astype(np.int64), DISCIPLINE, 0))
    table["discipline"] = [math.exp(spread * v - 0.5 * spread * spread) for v in z.tolist()]
    return table


def _unit_lines(scenario: Scenario) -> list[tuple[UnitLine, int]]:
    """Lines of units, each with 0 for the force that is there and 1 for the package."""
    standing = [
        (UnitLine(type=r["type"], units=int(r["n"]), heads=int(r["heads"]), base=r["base"], mobile=r["mobile"] == "yes"), 0)
        for r in read_table("un_units_2021")
    ]  # fmt: skip
    return standing + [(line, 1) for line in scenario.package.units]


def _un_units(g: Geometry, scenario: Scenario, q: Parameters, start: int) -> Table:
    bases = {name: site for name in UN_BASES for site in np.flatnonzero(g.sites["x"] == towns()[name].x).tolist()}
    rows = []
    for line, extra in _unit_lines(scenario):
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


def _slots(g: Geometry, scenario: Scenario, q: Parameters, units: Table, start: int) -> Table:
    mobile = int(units["troops"][units["mobile"] == 1].sum())
    slots = np.zeros(max(1, tobs_allowed(mobile, q.troops_per_tob, q.rotation)), SLOTS)
    slots["id"] = np.arange(slots.size)
    slots["status"], slots["unit"], slots["village"] = FREE, NOBODY, NEVER
    ogossagou = towns()["Ogossagou"]
    inside = g.grid.cell_of(ogossagou.x, ogossagou.y) >= 0
    if scenario.un.hold_ogossagou and inside:
        s = slots[0]
        s.cell, s.x, s.y = g.grid.cell_of(ogossagou.x, ogossagou.y), ogossagou.x, ogossagou.y
        s.fixed, s.opens, s.closes = 1, max(start, day_of(scenario.un.ogossagou_from)), NEVER
        holders = np.flatnonzero((units["mobile"] == 1) & (units["task"] == AT_BASE))
        if s.opens <= start and holders.size:  # it is there on the first day
            s.status, s.unit = PREPARING, holders[0]
            unit = units[holders[0]]
            unit.task, unit.slot, unit.cell = ON_TOB, 0, s.cell
    return slots


def presence_stamps(size_km: float, presence_km: float, strengths: tuple[float, ...]) -> tuple[Ints, Ints, np.ndarray]:
    """Presence kernels on the grid: offsets (n, 2), pressures in fixed point (kernels, n), kernel (n,).

    The kernel is averaged over each cell, so that totals hardly depend on the size of cells, and cut at three standard
    deviations.
    """
    reach = int(np.ceil(3.0 * presence_km / size_km))
    steps = (np.arange(5) - 2) / 5.0
    square = [(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]
    offsets = [(i, j) for i, j in square if (i * i + j * j) * size_km * size_km <= 9.0 * presence_km * presence_km]
    dx = np.array([[(i + a) * size_km for a in steps for _ in steps] for i, _ in offsets])
    dy = np.array([[(j + b) * size_km for _ in steps for b in steps] for _, j in offsets])
    kernels = np.vectorize(gaussian, otypes=[float])(dx * dx + dy * dy, presence_km)
    pressures = [-np.vectorize(math.log1p, otypes=[float])(-strength * kernels).mean(axis=1) for strength in strengths]
    fixed = np.array([np.rint(pressure / UNIT) for pressure in pressures]).astype(np.int64)
    return np.array(offsets, np.int64), fixed, kernels.mean(axis=1)


def _hold_garrisons(cells: Table, g: Geometry, offsets: Ints, stamp: Ints) -> None:
    for cell in g.sites["cell"][g.sites["kind"] == GARRISON].tolist():
        columns, rows = g.grid.ix[cell] + offsets[:, 0], g.grid.iy[cell] + offsets[:, 1]
        ok = (columns >= 0) & (rows >= 0) & (columns < g.grid.lookup.shape[0]) & (rows < g.grid.lookup.shape[1])
        near = np.full(ok.size, -1)
        near[ok] = g.grid.lookup[columns[ok], rows[ok]]
        np.add.at(cells["army_held"], near[near >= 0], stamp[near >= 0])


def yearly_abuses(start: date) -> tuple[float, float]:
    """Recorded abuses of national forces and attacks on civilians by self-defence militias in the year to compare with."""
    return tuple(  # type: ignore[return-value]
        float(recorded_before(date(2021, 1, 1), months=12, kinds=kinds).sum())
        for kinds in ((KINDS[3],), (CIVILIAN_KINDS[0], CIVILIAN_KINDS[1]))
    )


def build_world(scenario: Scenario, parameters: Parameters) -> World:
    """The state on the first day of a run. Deterministic: the seed of the run does not enter."""
    q, levers = parameters, scenario.world
    g = geometry(levers, shape_of(q))
    start = day_of(scenario.start)
    villages, heat = _villages(g, q, scenario.start, levers.seed)
    cells = _cells(g, villages, heat, start)
    strengths = (q.base_presence, q.patrol_presence, q.army_presence)
    offsets, stamps, kernel = presence_stamps(levers.cell_km, q.presence_km, strengths)
    _hold_garrisons(cells, g, offsets, stamps[2])
    units = _un_units(g, scenario, q, start)
    militias = _militias(g, q, start)
    zones = np.zeros(len(ZONES), ZONES_TABLE)
    zones["id"], zones["multiplier"] = np.arange(len(ZONES)), 1.0
    zones["month_number"] = calendar_table()[start].month_number
    risk = np.zeros(len(LIABLE), RISK)
    risk["id"] = np.arange(len(LIABLE))
    risk["abuses"] = [remembered_abuses(n, q.risk_half_life) for n in yearly_abuses(scenario.start)]
    risk["abuses_day"] = risk["sanctions_day"] = start
    state = np.zeros(1, STATE)
    state["clock_zero"] = NEVER
    sites = [g.grid.cell_of(*map(float, to_km(lon, lat))) for lat, lon in scenario.un.tob_sites]
    return World(
        villages=villages, militias=militias, national_forces=_national_forces(g, q, levers.seed, start),
        un_units=units, sites=g.sites.copy(), slots=_slots(g, scenario, q, units, start), cells=cells, zones=zones,
        cases=np.zeros(FIRST_ROWS["cases"], CASES), risk=risk, events=np.zeros(FIRST_ROWS["events"], EVENTS),
        operations=np.zeros(FIRST_ROWS["operations"], OPERATIONS), days=np.zeros(1200, DAYS), state=state,
        calendar=calendar_table(), lookup=g.grid.lookup, reach_village=g.band_reach.target, reach_km=g.band_reach.km,
        site_cell=g.site_reach.target, site_km=g.site_reach.km, stamp_offset=offsets, stamps=stamps, stamp_kernel=kernel,
        fixed_sites=np.array([s for s in sites if s >= 0], np.int64), candidates=np.zeros(max(1, militias.size), np.int64),
        score=np.zeros(g.grid.n),
    )  # fmt: skip
