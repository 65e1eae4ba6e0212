"""UN units arrive, patrol, and are attacked on the way."""

from __future__ import annotations

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.logbook import log_operation
from abm.national_forces import hottest_cell
from abm.presence import leave_patrol_trace
from abm.randomness import TOB_ATTACK, UN_PATROL, UN_PATROL_TARGET, uniform
from abm.tables import (
    AT_BASE,
    NOT_ARRIVED,
    ON_PATROL,
    ON_TOB,
    OPEN,
    OUT_OF_ACTION,
    PATROL_ATTACKED,
    TOB_ATTACKED,
    UNITS_ARRIVED,
    World,
)
from abm.un_attacks import PATROL_SEVERITY, TOB_SEVERITY, attack_unit, is_attacked, put_out_of_action
from abm.un_reach import attack_factor, clear_roads, confidence, reach_of
from abm.un_tobs import return_to_base
from abm.un_troops import free_today

NO_CELL = -1


@rule
def patrol_chance(per_company: float, free: int, troops: int, bold: float) -> float:
    """Chance of a patrol today: of a whole company, times the share of its troops that are free, times confidence."""
    return per_company * free / troops * bold


@phase
def receive_units(world: World, c: Compiled, day: int) -> None:
    """Units whose day has come are there from now on."""
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.task == NOT_ARRIVED and u.arrival >= 0 and u.arrival <= day and c.p[0].un_present > 0.0:
            u.task = AT_BASE
            log_operation(world, day, UNITS_ARRIVED, u.id, u.home, u.troops)


@phase
def _go(world: World, c: Compiled, seed: int, day: int, unit: int, clear: float) -> None:
    """A patrol, `clear` of whose way engineers keep clear: presence where it passes, and the risk of an attack."""
    p = c.p[0]
    u = world.un_units[unit]
    site = world.sites[u.site]
    limit = p.mobile_patrol_km if u.mobile == 1 else p.base_patrol_km
    straight = reach_of(world, c, unit, day, site.air)
    cell = hottest_cell(world, c, seed, day, u.site, limit, straight, UN_PATROL_TARGET, u.id)
    u.patrol_cell = cell
    if u.task != ON_TOB:
        u.task, u.cell, u.x, u.y = ON_PATROL, cell, world.cells[cell].x, world.cells[cell].y
    leave_patrol_trace(world, cell, day, p.patrol_effect_days)
    world.days[world.state[0].n_days].un_patrols += 1
    factor = attack_factor(p.ied_share, p.counter_ied, clear, p.air_cover, site.cover)
    if not is_attacked(world, seed, day, UN_PATROL, u.id, 1, p.attack_per_patrol * factor):
        return
    if attack_unit(world, c, seed, day, unit, cell, PATROL_ATTACKED, PATROL_SEVERITY) > 0.0:
        put_out_of_action(world, c, unit, day)


@phase
def patrol(world: World, c: Compiled, seed: int, day: int) -> None:
    """Companies send those of their troops on patrol whom nothing else holds."""
    p = c.p[0]
    today = world.days[world.state[0].n_days]
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        u.patrol_cell = NO_CELL
        if u.patrols == 0 or u.task == NOT_ARRIVED:
            continue
        if u.task != ON_TOB:
            return_to_base(world, unit)
            if day < u.out_until:
                u.task = OUT_OF_ACTION
        free = free_today(world, c, unit, day)
        clear = clear_roads(world, c, u.site)
        bold = confidence(clear, p.patrol_confidence)
        if uniform(seed, UN_PATROL, u.id, day, 0) < patrol_chance(p.patrols_per_company, free, u.troops, bold):
            today.patrol_troops += free
            _go(world, c, seed, day, unit, clear)


@phase
def endure_attacks_on_tobs(world: World, c: Compiled, seed: int, day: int) -> None:
    """A temporary operating base runs the risk of a patrol every day."""
    p = c.p[0]
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status == OPEN and is_attacked(world, seed, day, TOB_ATTACK, slot, 0, p.attack_per_patrol):
            attack_unit(world, c, seed, day, s.unit, s.cell, TOB_ATTACKED, TOB_SEVERITY)
