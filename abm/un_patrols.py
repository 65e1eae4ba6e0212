"""The UN in Sector Centre: arrivals, temporary operating bases (TOBs), patrols, and what they risk.

Mobile units hold TOBs in turn: a slot of the table is one TOB at a time. The number of slots follows from mobile
troops, so that one base held for ever (Ogossagou) is one that cannot be elsewhere.
"""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import BAND_ON_PATROL, ON_PATROL_OF_UN, REALISED, UN_V_JIHADISTS
from abm.militias import MANY_PEOPLE
from abm.national_forces import hottest_cell
from abm.presence import decayed, hold, leave_after_trace, leave_patrol_trace
from abm.randomness import SEVERITY, TOB_SITE, UN_PATROL, UN_PATROL_TARGET, uniform
from abm.severity import deaths, deaths_cap
from abm.tables import (
    AT_BASE,
    FIXED,
    FREE,
    NOT_ARRIVED,
    ON_PATROL,
    ON_TOB,
    OPEN,
    PATROL_ATTACKED,
    POPULATION,
    PREPARING,
    RANDOM,
    TOB_CLOSED,
    TOB_OPENED,
    UN_BASE,
    UNITS_ARRIVED,
    World,
)  # fmt: skip
from abm.villages import NOBODY

NEVER = -1
PATROL_SEVERITY = 20  # draws of SEVERITY for attacks on patrols, apart from those for bands and army units
# Before the sector was enlarged it did not cover Ségou (zone 3) nor western Mopti (assumption: these two cercles).
SEGOU_ZONE = 3


@rule
def tobs_allowed(mobile_troops: int, troops_per_tob: float, rotation: float) -> int:
    """Temporary operating bases that mobile troops can hold at once, with relief and supply."""
    return int(mobile_troops / (troops_per_tob * rotation))


@rule
def opening_delay(km: float, km_per_day: float, setup_days: float) -> int:
    """Whole days from the order until a TOB works: convoy, then set-up."""
    return math.ceil(km / km_per_day + setup_days)


@rule
def in_sector(day: int, enlarged: int, zone: int, western: int) -> bool:
    """Whether a place lies in Sector Centre on a day."""
    return day >= enlarged or (zone != SEGOU_ZONE and western == 0)


@phase
def _log(world: World, day: int, what: int, unit: int, cell: int, amount: int) -> None:
    number = world.state[0].n_operations
    world.state[0].n_operations += 1
    o = world.operations[number]
    o.day, o.what, o.unit, o.cell, o.amount = day, what, unit, cell, amount
    if cell >= 0:
        o.x, o.y = world.cells[cell].x, world.cells[cell].y


@phase
def receive_units(world: World, c: Compiled, day: int) -> None:
    """Units whose day has come are there from now on."""
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.task == NOT_ARRIVED and u.arrival >= 0 and u.arrival <= day and c.p[0].un_present > 0.0:
            u.task = AT_BASE
            _log(world, day, UNITS_ARRIVED, u.id, u.home, u.troops)


@phase
def _return_to_base(world: World, unit: int) -> None:
    u = world.un_units[unit]
    base = world.sites[u.site]
    u.task, u.slot, u.cell, u.x, u.y = AT_BASE, NEVER, u.home, base.x, base.y


@phase
def _close(world: World, c: Compiled, slot: int, day: int) -> None:
    p = c.p[0]
    s = world.slots[slot]
    hold(world, s.cell, -1)
    if p.persistence_days > 0.0:
        leave_after_trace(world, s.cell, day, p.persistence_days)
    _return_to_base(world, s.unit)
    _log(world, day, TOB_CLOSED, s.unit, s.cell, s.extra)
    s.status, s.unit = FREE, NOBODY


@phase
def _open(world: World, slot: int, day: int) -> None:
    s = world.slots[slot]
    s.status = OPEN
    hold(world, s.cell, 1)
    _log(world, day, TOB_OPENED, s.unit, s.cell, s.extra)
    if s.extra == 1 and world.state[0].clock_zero == NEVER:
        world.state[0].clock_zero = day


@phase
def turn_tobs_over(world: World, c: Compiled, day: int) -> None:
    """Close TOBs whose time is over and open those that are set up."""
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status == OPEN and s.closes != NEVER and s.closes <= day:
            _close(world, c, slot, day)
        elif s.status == PREPARING and s.opens <= day:
            _open(world, slot, day)


@phase
def mobile_troops(world: World, extra_too: int) -> int:
    """Troops of mobile units that are there, with or without those of the package."""
    total = 0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.mobile == 1 and u.task != NOT_ARRIVED and (extra_too == 1 or u.extra == 0):
            total += u.troops
    return total


@phase
def free_mobile_unit(world: World) -> int:
    """First mobile unit that holds no TOB, or NOBODY."""
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.mobile == 1 and u.task != NOT_ARRIVED and u.task != ON_TOB:
            return unit
    return NOBODY


@phase
def _too_close(world: World, cell: int, spacing: float) -> bool:
    """Whether a cell lies nearer than `spacing` km to another TOB or to a main base of the UN."""
    place = world.cells[cell]
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status != FREE:
            dx, dy = world.cells[s.cell].x - place.x, world.cells[s.cell].y - place.y
            if dx * dx + dy * dy < spacing * spacing:
                return True
    for site in range(world.sites.shape[0]):
        b = world.sites[site]
        if b.kind == UN_BASE:
            dx, dy = b.x - place.x, b.y - place.y
            if dx * dx + dy * dy < spacing * spacing:
                return True
    return False


@phase
def _spread_score(world: World, c: Compiled, day: int) -> None:
    """Smooth remembered attacks (or people) with the presence kernel: what a TOB at each cell would cover."""
    p = c.p[0]
    for cell in range(world.cells.shape[0]):
        world.score[cell] = 0.0
    for cell in range(world.cells.shape[0]):
        place = world.cells[cell]
        amount = decayed(place.heat, place.heat_day, day, p.heat_half_life)
        if int(p.allocation) == POPULATION:
            amount = float(place.population)
        if amount <= 0.0:
            continue
        for offset in range(world.stamp_offset.shape[0]):
            column = place.column + world.stamp_offset[offset, 0]
            row = place.row + world.stamp_offset[offset, 1]
            if 0 <= column < world.lookup.shape[0] and 0 <= row < world.lookup.shape[1]:
                near = world.lookup[column, row]
                if near >= 0:
                    world.score[near] += amount * world.stamp_kernel[offset]


@phase
def _site_allowed(world: World, c: Compiled, day: int, cell: int) -> bool:
    p = c.p[0]
    place = world.cells[cell]
    return in_sector(day, int(p.sector_enlarged), place.zone, place.western) and not _too_close(
        world, cell, p.tob_spacing_km
    )


@phase
def choose_site(world: World, c: Compiled, seed: int, day: int, slot: int, base: int) -> int:
    """Entry of the base's reach where the next TOB goes, or NOBODY if no place is feasible."""
    p = c.p[0]
    season = world.calendar[day].season
    b = world.sites[base]
    policy = int(p.allocation)
    best, best_value = NOBODY, -math.inf
    for entry in range(b.first_reach, b.first_reach + b.n_reach):
        if world.site_km[entry, season] > p.tob_reach_km:
            continue
        cell = world.site_cell[entry]
        if not _site_allowed(world, c, day, cell):
            continue
        value = world.score[cell]
        if policy == RANDOM:
            value = uniform(seed, TOB_SITE, slot, day, cell)
        elif policy == FIXED:
            value = -math.inf
            for rank in range(world.fixed_sites.shape[0]):
                if world.fixed_sites[rank] == cell and value == -math.inf:
                    value = -float(rank)
        if value > best_value:
            best, best_value = entry, value
    return best


@phase
def command(world: World, c: Compiled, seed: int, day: int) -> None:
    """The weekly order: which free slots get a TOB, held by whom and where."""
    p = c.p[0]
    season = world.calendar[day].season
    allowed = tobs_allowed(mobile_troops(world, 1), p.troops_per_tob, p.rotation)
    without_package = tobs_allowed(mobile_troops(world, 0), p.troops_per_tob, p.rotation)
    scored = False
    for slot in range(min(allowed, world.slots.shape[0])):
        s = world.slots[slot]
        if s.status != FREE or (s.fixed == 1 and day < s.opens):
            continue
        unit = free_mobile_unit(world)
        if unit == NOBODY:
            return
        u = world.un_units[unit]
        if s.fixed == 1:
            s.status, s.unit, s.closes = PREPARING, unit, NEVER
        else:
            if not scored:
                _spread_score(world, c, day)
                scored = True
            entry = choose_site(world, c, seed, day, slot, u.site)
            if entry == NOBODY:
                continue
            s.cell = world.site_cell[entry]
            s.status, s.unit = PREPARING, unit
            s.opens = day + opening_delay(world.site_km[entry, season], p.convoy_km_per_day, p.tob_setup_days)
            s.closes = s.opens + int(p.tob_days)
        s.extra = 1 if slot >= without_package else 0
        s.x, s.y = world.cells[s.cell].x, world.cells[s.cell].y
        u.task, u.slot, u.cell, u.x, u.y = ON_TOB, slot, s.cell, s.x, s.y


@phase
def nearest_jihadists(world: World, cell: int) -> int:
    """Jihadist band nearest to a cell, or NOBODY."""
    place = world.cells[cell]
    best, best_distance = NOBODY, math.inf
    for band in range(world.militias.shape[0]):
        m = world.militias[band]
        if m.jihadist == 1:
            dx, dy = m.x - place.x, m.y - place.y
            if dx * dx + dy * dy < best_distance:
                best, best_distance = band, dx * dx + dy * dy
    return best


@phase
def _attack_on_patrol(world: World, c: Compiled, seed: int, day: int, unit: int, cell: int) -> None:
    """A patrol is attacked: a row of the event log, with the nearest jihadist band as perpetrator."""
    p = c.p[0]
    band = nearest_jihadists(world, cell)
    if band == NOBODY:
        return
    u = world.un_units[unit]
    place = world.cells[cell]
    row = world.state[0].n_events
    world.state[0].n_events += 1
    e = world.events[row]
    e.day, e.kind, e.actor, e.faction = day, UN_V_JIHADISTS, BAND_ON_PATROL, world.militias[band].faction
    e.perpetrator, e.action, e.outcome, e.village = band, ON_PATROL_OF_UN, REALISED, -1
    e.cell, e.cercle, e.zone = cell, place.cercle, place.zone
    e.community, e.target, e.parent, e.generation, e.elsewhere_from = -1, u.id, -1, 0, -1
    e.x, e.y, e.stands, e.kernel_same, e.kernel_cross = place.x, place.y, 1.0, 0.0, 0.0
    cap = deaths_cap(MANY_PEOPLE, c.most_deaths[UN_V_JIHADISTS])
    e.mean_deaths = c.fatal_share[UN_V_JIHADISTS] * c.lethal_mean[UN_V_JIHADISTS, cap]
    e.deaths = deaths(
        uniform(seed, SEVERITY, u.id, day, PATROL_SEVERITY), uniform(seed, SEVERITY, u.id, day, PATROL_SEVERITY + 1),
        c.fatal_share[UN_V_JIHADISTS], c.death_scale[UN_V_JIHADISTS], p.tail_exponent, cap,
    )  # fmt: skip
    _log(world, day, PATROL_ATTACKED, u.id, cell, e.deaths)


@phase
def patrol(world: World, c: Compiled, seed: int, day: int) -> None:
    """Companies that hold no TOB go on patrol: presence where they pass, and the risk of an attack."""
    p = c.p[0]
    today = world.days[world.state[0].n_days]
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.patrols == 0 or u.task == NOT_ARRIVED or u.task == ON_TOB:
            continue
        _return_to_base(world, unit)
        if uniform(seed, UN_PATROL, u.id, day, 0) >= p.patrols_per_company:
            continue
        limit = p.mobile_patrol_km if u.mobile == 1 else p.base_patrol_km
        u.task = ON_PATROL
        u.cell = hottest_cell(world, c, seed, day, u.site, limit, UN_PATROL_TARGET, u.id)
        u.x, u.y = world.cells[u.cell].x, world.cells[u.cell].y
        leave_patrol_trace(world, u.cell, day, p.patrol_effect_days)
        today.un_patrols += 1
        if uniform(seed, UN_PATROL, u.id, day, 1) < p.attack_per_patrol:
            _attack_on_patrol(world, c, seed, day, unit, u.cell)
