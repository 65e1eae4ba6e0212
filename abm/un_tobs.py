"""Temporary operating bases (TOBs): how many mobile troops can hold, where they go, when they open and close.

Mobile units hold TOBs in turn: a slot of the table is one TOB at a time. The number of slots follows from mobile
troops, so that one base held for ever (Ogossagou) is one that cannot be elsewhere.
"""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.logbook import log_operation
from abm.presence import decayed, hold, leave_after_trace
from abm.randomness import TOB_SITE, uniform
from abm.tables import (
    AT_BASE,
    FIXED,
    FREE,
    NOT_ARRIVED,
    ON_TOB,
    OPEN,
    POPULATION,
    PREPARING,
    RANDOM,
    SPREAD,
    TOB_CLOSED,
    TOB_GIVEN_UP,
    TOB_OPENED,
    UN_BASE,
    WARNING_LED,
    World,
)  # fmt: skip
from abm.un_convoys import can_supply, is_cut_off
from abm.un_reach import has_helicopters, reach_of
from abm.un_troops import assign_troops, free_today, mobile_heads, mobile_troops
from abm.villages import NOBODY

NEVER = -1
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
def return_to_base(world: World, unit: int) -> None:
    """The company is at its main base and leads no TOB."""
    u = world.un_units[unit]
    base = world.sites[u.site]
    u.task, u.slot, u.cell, u.x, u.y = AT_BASE, NEVER, u.home, base.x, base.y


@phase
def _close(world: World, c: Compiled, slot: int, day: int, what: int) -> None:
    p = c.p[0]
    s = world.slots[slot]
    hold(world, s.cell, -1)
    if p.persistence_days > 0.0:
        leave_after_trace(world, s.cell, day, p.persistence_days)
    return_to_base(world, s.unit)
    log_operation(world, day, what, s.unit, s.cell, s.extra)
    s.status, s.unit, s.convoy_due = FREE, NOBODY, NEVER


@phase
def _open(world: World, slot: int, day: int) -> None:
    s = world.slots[slot]
    s.status, s.supplied, s.convoy_due = OPEN, day, NEVER
    hold(world, s.cell, 1)
    log_operation(world, day, TOB_OPENED, s.unit, s.cell, s.extra)
    if s.extra == 1 and world.state[0].clock_zero == NEVER:
        world.state[0].clock_zero = day


@phase
def turn_tobs_over(world: World, c: Compiled, day: int) -> None:
    """Close TOBs whose time is over, give up those that supplies no longer reach, open those that are set up.

    The base at Ogossagou was a commitment: it is supplied late rather than given up.
    """
    p = c.p[0]
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status == OPEN and s.closes != NEVER and s.closes <= day:
            _close(world, c, slot, day, TOB_CLOSED)
        elif s.status == OPEN and s.fixed == 0 and is_cut_off(day, s.supplied, p.resupply_days, p.supply_reserve_days):
            _close(world, c, slot, day, TOB_GIVEN_UP)
        elif s.status == PREPARING and s.opens <= day:
            _open(world, slot, day)


@phase
def leading_unit(world: World, c: Compiled, day: int) -> int:
    """Mobile company with most free troops among those that lead no TOB (the first of equals), or NOBODY."""
    best, most = NOBODY, 0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.mobile == 1 and u.task != NOT_ARRIVED and u.task != ON_TOB:
            free = free_today(world, c, unit, day)
            if free > most:
                best, most = unit, free
    return best


@phase
def _clear_distance(world: World, cell: int) -> float:
    """Distance in km from a cell to the nearest TOB or main base of the UN."""
    place = world.cells[cell]
    nearest = math.inf
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status != FREE:
            dx, dy = world.cells[s.cell].x - place.x, world.cells[s.cell].y - place.y
            nearest = min(nearest, dx * dx + dy * dy)
    for site in range(world.sites.shape[0]):
        b = world.sites[site]
        if b.kind == UN_BASE:
            dx, dy = b.x - place.x, b.y - place.y
            nearest = min(nearest, dx * dx + dy * dy)
    return math.sqrt(nearest)


@phase
def _calls(world: World, c: Compiled, day: int, cell: int) -> float:
    """How much a cell by itself calls for a TOB: attacks remembered, warnings that nobody answered, or people."""
    p = c.p[0]
    place = world.cells[cell]
    if int(p.allocation) == POPULATION:
        return float(place.population)
    if int(p.allocation) == WARNING_LED:
        return decayed(place.alarm, place.alarm_day, day, p.heat_half_life)
    return decayed(place.heat, place.heat_day, day, p.heat_half_life)


@phase
def _spread_score(world: World, c: Compiled, day: int) -> None:
    """Smooth what cells call for with the presence kernel: what a TOB at each cell would cover."""
    for cell in range(world.cells.shape[0]):
        world.score[cell] = 0.0
    for cell in range(world.cells.shape[0]):
        place = world.cells[cell]
        amount = _calls(world, c, day, cell)
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
def site_allowed(world: World, c: Compiled, day: int, entry: int, base: int, medical_km: float) -> bool:
    """Whether roads, supply, medical reach, sector limits and other bases allow a TOB at an entry of a base's reach."""
    p = c.p[0]
    km = world.site_km[entry, world.calendar[day].season]
    if km > p.tob_reach_km or can_supply(km, p.convoy_km_per_day, p.resupply_days) == 0:
        return False
    cell = world.site_cell[entry]
    place = world.cells[cell]
    dx, dy = place.x - world.sites[base].x, place.y - world.sites[base].y
    if dx * dx + dy * dy > medical_km * medical_km:
        return False
    return (
        in_sector(day, int(p.sector_enlarged), place.zone, place.western)
        and _clear_distance(world, cell) >= p.tob_spacing_km
    )


@phase
def _preference(world: World, c: Compiled, seed: int, day: int, slot: int, cell: int) -> float:
    policy = int(c.p[0].allocation)
    if policy == RANDOM:
        return uniform(seed, TOB_SITE, slot, day, cell)
    if policy == SPREAD:
        return _clear_distance(world, cell)
    if policy == FIXED:
        for rank in range(world.fixed_sites.shape[0]):
            if world.fixed_sites[rank] == cell:
                return -float(rank)
        return -math.inf
    score: float = world.score[cell]
    return score


@phase
def choose_site(world: World, c: Compiled, seed: int, day: int, slot: int, unit: int) -> int:
    """Entry of the unit's base's reach where the next TOB goes, or NOBODY if no place is feasible."""
    base = world.un_units[unit].site
    b = world.sites[base]
    medical_km = reach_of(world, c, unit, day, has_helicopters(world, c, base))
    best, best_value = NOBODY, -math.inf
    for entry in range(b.first_reach, b.first_reach + b.n_reach):
        if not site_allowed(world, c, day, entry, base, medical_km):
            continue
        value = _preference(world, c, seed, day, slot, world.site_cell[entry])
        if value > best_value:
            best, best_value = entry, value
    return best


@phase
def entry_of(world: World, site: int, cell: int) -> int:
    """Entry of a cell in the reach of a main base, NEVER where it lies beyond."""
    b = world.sites[site]
    for entry in range(b.first_reach, b.first_reach + b.n_reach):
        if world.site_cell[entry] == cell:
            return entry
    return NEVER


@phase
def _prepare(world: World, slot: int, unit: int, is_extra: int) -> None:
    """The order is given: the company leaves, and the place counts as taken."""
    s = world.slots[slot]
    u = world.un_units[unit]
    s.status, s.unit, s.extra = PREPARING, unit, is_extra
    s.x, s.y = world.cells[s.cell].x, world.cells[s.cell].y
    u.task, u.slot, u.cell, u.x, u.y = ON_TOB, slot, s.cell, s.x, s.y


@phase
def command(world: World, c: Compiled, seed: int, day: int) -> None:
    """The weekly order: which free slots get a TOB, led by whom and where."""
    p = c.p[0]
    season = world.calendar[day].season
    allowed = tobs_allowed(mobile_troops(world, c, day), p.troops_per_tob, p.rotation)
    # Counted by heads: losses of the standing force do not turn one of its bases into an extra one.
    without_package = tobs_allowed(mobile_heads(world), p.troops_per_tob, p.rotation)
    scored = False
    for slot in range(min(allowed, world.slots.shape[0])):
        s = world.slots[slot]
        if s.status != FREE or (s.fixed == 1 and day < s.opens):
            continue
        unit = leading_unit(world, c, day)
        if unit == NOBODY:
            return
        if s.fixed == 1:
            s.entry, s.closes = entry_of(world, world.un_units[unit].site, s.cell), NEVER
        else:
            if not scored:
                _spread_score(world, c, day)
                scored = True
            entry = choose_site(world, c, seed, day, slot, unit)
            if entry == NOBODY:
                continue
            s.cell, s.entry = world.site_cell[entry], entry
            s.opens = day + opening_delay(world.site_km[entry, season], p.convoy_km_per_day, p.tob_setup_days)
            s.closes = s.opens + int(p.tob_days)
        _prepare(world, slot, unit, 1 if slot >= without_package else 0)
        assign_troops(world, c, day)
