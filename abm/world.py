"""How a world is built from a scenario and parameters: geometry once, tables anew for every run."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from abm.bands import weights
from abm.calendar import calendar_table, day_of
from abm.geography import CERCLES, ZONE_OF_CERCLE, ZONES, to_km
from abm.geometry import Geometry, geometry, shape_of
from abm.history import past_heat, past_hits, recorded_before, remembered_abuses
from abm.kinds import CIVILIAN_KINDS, FULANI, LIABLE
from abm.lived import LivedHistory, usual_course
from abm.parameters import Parameters
from abm.randomness import WORLD, uniforms
from abm.scenario import Scenario
from abm.social_world import cercles_table, pairs_table, usual_abuses
from abm.stamps import presence_stamps
from abm.tables import (
    CASES,
    CELLS,
    DAYS,
    EVENTS,
    GARRISON,
    MILITIAS,
    NATIONAL_FORCES,
    OPERATIONS,
    RISK,
    STATE,
    VILLAGES,
    ZONES_TABLE,
    Floats,
    Ints,
    Table,
    World,
)  # fmt: skip
from abm.un_force import slots_for_tobs, un_units
from abm.un_tobs import NEVER
from abm.villages import appeal

DISCIPLINE, ALIGNED = 104, 105  # `day` of the WORLD draws
MOST_DANGER = 4.0  # of a cell, over the average one (assumption): a few events in a small cercle are no certainty
FIRST_ROWS = {"events": 4096, "operations": 2048, "cases": 2048}
WESTERN = ("Tenenkou", "Youwarou")  # assumption: the western Mopti that joined the sector in 2021
ARMY_UNIT = 50  # soldiers in a unit (assumption, with the garrisons)


@lru_cache(maxsize=8)
def _hits_before(g: Geometry, start: date, world_seed: int, discount: float, new_weight: float) -> Ints:
    """Events that each settlement has seen before the start: the same for all runs in one world."""
    return past_hits(world_seed, recorded_before(start), g.settlements.cercle, discount, new_weight)


def _villages(g: Geometry, q: Parameters, start: date, world_seed: int) -> tuple[Table, Floats]:
    s = g.settlements
    villages = np.zeros(s.n, VILLAGES)
    for name in ("id", "cercle", "population", "community", "mixed", "refusal", "x", "y"):
        villages[name] = getattr(s, name)
    villages["cell"] = g.cell_of_settlement
    villages["zone"] = np.array(ZONE_OF_CERCLE)[s.cercle]
    villages["last_attack"] = villages["displaced_day"] = NEVER
    exponent, multiplier = q.population_exponent, q.mixed_multiplier
    villages["appeal"] = [
        appeal(int(people), int(mixed), exponent, multiplier)
        for people, mixed in zip(s.population.tolist(), s.mixed.tolist(), strict=True)
    ]
    villages["hits"] = _hits_before(g, start, world_seed, q.rates.reuse_discount, q.rates.reuse_new_weight)
    # Places are known for events of all kinds; what commanders remember is, as in a run, what bands did (and clashes
    # with the state, though some of these the state began). A start after the record ends remembers its last year.
    recent = recorded_before(min(start, RECORD_ENDS), months=12, kinds=BY_BANDS)
    heat = past_heat(villages["hits"], s.cercle, recent, q.heat_half_life)
    return villages, heat


def _cells(g: Geometry, villages: Table, heat: Floats, start: int, before: date) -> Table:
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
    cells["danger"] = _danger(grid.cercle, recorded_before(before, months=12, kinds=ON_FORCES))
    for name in ("un_patrol_day", "un_after_day", "army_trace_day", "heat_day", "alarm_day"):
        cells[name] = start
    return cells


def _danger(cercle: Ints, attacks: Ints) -> Floats:
    """Risk of roads in each cell over the average cell: recorded clashes with forces, by area of the cercle."""
    area = np.bincount(cercle, minlength=len(CERCLES))
    density = (attacks + 0.5) / np.maximum(area, 1)
    relative = density[cercle] / density[cercle].mean()
    danger: Floats = np.minimum(relative, MOST_DANGER)
    return danger


def _militias(g: Geometry, q: Parameters, world_seed: int, start: int) -> Table:
    b, kept = g.bands, g.kept
    table = np.zeros(kept.size, MILITIAS)
    table["id"] = kept
    for name in ("faction", "jihadist", "community", "cercle"):
        table[name] = getattr(b, name)[kept]
    table["zone"] = np.array(ZONE_OF_CERCLE)[b.cercle[kept]]
    table["cell"] = g.band_cell[kept]
    table["x"], table["y"] = g.band_reach.x, g.band_reach.y
    table["strength"] = table["strength_start"] = b.strength[kept]
    table["weight"] = weights(b, q.strength_exponent, q.rates.cercle_pull)[kept]
    table["first_reach"], table["n_reach"] = g.band_reach.first, g.band_reach.count
    overlaps = uniforms(world_seed, WORLD, kept.astype(np.int64), ALIGNED, 0) < q.fulani_overlap
    table["aligned"] = overlaps & (table["faction"] == FULANI)
    table["strength_day"] = table["excitation_day"] = table["hidden_until"] = start
    return table


def _national_forces(g: Geometry, q: Parameters, world_seed: int, start: int) -> Table:
    garrisons = np.flatnonzero(g.sites["kind"] == GARRISON)
    units = [(site, round(g.sites["capacity"][site] / ARMY_UNIT)) for site in garrisons.tolist()]
    table = np.zeros(sum(n for _, n in units), NATIONAL_FORCES)
    table["id"] = np.arange(table.size)
    table["site"] = np.repeat([site for site, _ in units], [n for _, n in units])
    table["home"] = table["cell"] = g.sites["cell"][table["site"]]
    table["zone"] = g.sites["zone"][table["site"]]
    table["x"], table["y"] = g.grid.x[table["cell"]], g.grid.y[table["cell"]]
    table["strength"] = table["strength_start"] = ARMY_UNIT
    table["strength_day"] = start
    spread = q.discipline_spread
    z = ndtri(uniforms(world_seed, WORLD, table["id"].astype(np.int64), DISCIPLINE, 0))
    table["discipline"] = [math.exp(spread * v - 0.5 * spread * spread) for v in z.tolist()]
    return table


def _hold_garrisons(cells: Table, g: Geometry, offsets: Ints, stamp: Ints) -> None:
    for cell in g.sites["cell"][g.sites["kind"] == GARRISON].tolist():
        columns, rows = g.grid.ix[cell] + offsets[:, 0], g.grid.iy[cell] + offsets[:, 1]
        ok = (columns >= 0) & (rows >= 0) & (columns < g.grid.lookup.shape[0]) & (rows < g.grid.lookup.shape[1])
        near = np.full(ok.size, -1)
        near[ok] = g.grid.lookup[columns[ok], rows[ok]]
        np.add.at(cells["army_held"], near[near >= 0], stamp[near >= 0])


BY_BANDS = (
    *CIVILIAN_KINDS[:3],
    "civilians_by_unidentified",
    "militia_v_militia",
    "jihadists_v_militia",
    "state_v_jihadists",
)
ON_FORCES = ("state_v_jihadists", "un_v_jihadists")
RECORD_ENDS = date(2021, 1, 1)
ABUSES = (("civilians_by_state_or_external",), ("civilians_by_dogon_dozo_militia", "civilians_by_fulani_militia"))


def yearly_abuses(before: date = RECORD_ENDS) -> tuple[float, float]:
    """Recorded abuses of national forces, and attacks on civilians by self-defence militias, in the year before a day.

    A day after the record ends counts as its end.
    """
    army, militia = (recorded_before(min(before, RECORD_ENDS), months=12, kinds=kinds).sum() for kinds in ABUSES)
    return float(army), float(militia)


def build_world(scenario: Scenario, parameters: Parameters, history: LivedHistory | None = None) -> World:
    """The state on the first day of a run, with what the run is told. Deterministic: the run's seed does not enter."""
    told = history if history is not None else usual_course()
    q, levers = parameters, scenario.world
    g = geometry(levers, shape_of(q))
    start = day_of(scenario.start)
    villages, heat = _villages(g, q, scenario.start, levers.seed)
    cells = _cells(g, villages, heat, start, min(scenario.start, RECORD_ENDS))
    strengths = (q.base_presence, q.patrol_presence, q.army_presence)
    offsets, stamps, kernel = presence_stamps(levers.cell_km, q.presence_km, strengths)
    _hold_garrisons(cells, g, offsets, stamps[2])
    units = un_units(g, scenario, q, start)
    militias = _militias(g, q, levers.seed, start)
    zones = np.zeros(len(ZONES), ZONES_TABLE)
    zones["id"], zones["multiplier"] = np.arange(len(ZONES)), 1.0
    zones["month_number"] = calendar_table()[start].month_number
    risk = np.zeros(len(LIABLE), RISK)
    risk["id"] = np.arange(len(LIABLE))
    risk["abuses"] = [remembered_abuses(n, q.risk_half_life) for n in yearly_abuses(scenario.start)]
    risk["abuses_day"] = risk["sanctions_day"] = start
    state = np.zeros(1, STATE)
    state["clock_zero"], state["served_share"] = NEVER, 1.0
    state["lived_until"], state["course_from"] = told.until, calendar_table()[start].month_number
    forces = _national_forces(g, q, levers.seed, start)
    told.check(militias.size, forces.size, villages.size, cells.size)
    sites = [g.grid.cell_of(*map(float, to_km(lon, lat))) for lat, lon in scenario.un.tob_sites]
    return World(
        villages=villages, militias=militias, national_forces=forces,
        un_units=units, sites=g.sites.copy(),
        slots=slots_for_tobs(g, scenario, q, units, start), cells=cells, zones=zones,
        pairs=pairs_table(scenario.start, q.grievance_half_life, q.militia_initiative),
        cercles=cercles_table(
            scenario.start, q.recruit_half_life, villages, usual_abuses(q.rates), q.recruit_lag_days, told.course[0]
        ),
        cases=np.zeros(FIRST_ROWS["cases"], CASES), risk=risk, events=np.zeros(FIRST_ROWS["events"], EVENTS),
        operations=np.zeros(FIRST_ROWS["operations"], OPERATIONS), days=np.zeros(1200, DAYS), state=state,
        calendar=calendar_table(), lived=told.events.copy(), course=told.course.copy(),
        lookup=g.grid.lookup, reach_village=g.band_reach.target, reach_km=g.band_reach.km,
        site_cell=g.site_reach.target, site_km=g.site_reach.km, stamp_offset=offsets, stamps=stamps,
        stamp_kernel=kernel, fixed_sites=np.array([s for s in sites if s >= 0], np.int64),
        candidates=np.zeros(max(1, militias.size), np.int64), score=np.zeros(g.grid.n), answers=np.zeros(6),
    )  # fmt: skip
