"""Supply of temporary operating bases (TOBs): convoys over seasonal roads, their escort, and attacks on them."""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.logbook import log_operation
from abm.militias import chance_of_any
from abm.randomness import CONVOY
from abm.tables import CONVOY_ATTACKED, CONVOY_SENT, OPEN, World
from abm.un_attacks import CONVOY_SEVERITY, attack_unit, is_attacked, put_out_of_action
from abm.un_reach import attack_factor, clear_roads
from abm.un_troops import free_today
from abm.villages import NOBODY

NEVER = -1


@rule
def can_supply(km: float, km_per_day: float, resupply_days: float) -> int:
    """Whether a convoy can be there and back before the next one is due."""
    return 1 if 2.0 * km <= km_per_day * resupply_days else 0


@rule
def travel_days(km: float, km_per_day: float) -> int:
    """Whole days of a convoy on its way, at least one."""
    return max(1, math.ceil(km / km_per_day))


@rule
def convoy_attacks(per_100_km: float, km: float, danger: float, factor: float) -> float:
    """Expected attacks on a convoy, there and back; `danger` is the place's risk over the average one."""
    return per_100_km * 2.0 * km / 100.0 * danger * factor


@rule
def is_due(day: int, supplied: int, resupply_days: float, on_the_way: int) -> int:
    """Whether a convoy must leave today to be there when supplies are used up."""
    return 1 if day + on_the_way - supplied >= int(resupply_days) else 0


@rule
def is_cut_off(day: int, supplied: int, resupply_days: float, reserve_days: float) -> int:
    """Whether a base has waited longer for supplies than it can."""
    return 1 if day - supplied > resupply_days + reserve_days else 0


@phase
def convoy_unit(world: World, c: Compiled, day: int, site: int) -> int:
    """Unit at a main base that can escort a convoy: one that holds no bases before a mobile one; NOBODY if none."""
    needed = int(c.p[0].convoy_troops)
    for mobile in range(2):
        for unit in range(world.un_units.shape[0]):
            u = world.un_units[unit]
            available = u.patrols == 1 and u.mobile == mobile and u.site == site and u.convoying == 0
            if available and free_today(world, c, unit, day) >= needed:
                return unit
    return NOBODY


@phase
def _send(world: World, c: Compiled, seed: int, day: int, slot: int, unit: int, km: float, days: int) -> None:
    """A convoy leaves over `km` effective km, `days` one way if nothing happens."""
    p = c.p[0]
    s = world.slots[slot]
    u = world.un_units[unit]
    clear = clear_roads(world, c, u.site)
    factor = attack_factor(p.ied_share, p.counter_ied, clear, p.air_cover, world.sites[u.site].cover)
    rate = convoy_attacks(p.convoy_attack_rate, km, world.cells[s.cell].danger, factor)
    u.convoying = int(p.convoy_troops)
    delay = 0
    if is_attacked(world, seed, day, CONVOY, slot, 0, chance_of_any(rate)):
        hit = attack_unit(world, c, seed, day, unit, s.cell, CONVOY_ATTACKED, CONVOY_SEVERITY)
        delay = int(p.attack_delay_days)
        if hit > 0.0:
            put_out_of_action(world, c, unit, day)
    s.convoy_due = day + days + delay
    u.convoy_until = day + 2 * days + delay
    log_operation(world, day, CONVOY_SENT, u.id, s.cell, days + delay)
    world.days[world.state[0].n_days].convoys += 1


@phase
def supply_tobs(world: World, c: Compiled, seed: int, day: int) -> None:
    """Convoys that arrive, and convoys that leave for bases whose supplies run low."""
    p = c.p[0]
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status != OPEN or s.entry == NEVER:
            continue
        if s.convoy_due != NEVER and s.convoy_due <= day:
            s.supplied, s.convoy_due = day, NEVER
        km = world.site_km[s.entry, world.calendar[day].season]
        days = travel_days(km, p.convoy_km_per_day)
        if s.convoy_due == NEVER and is_due(day, s.supplied, p.resupply_days, days):
            unit = convoy_unit(world, c, day, world.un_units[s.unit].site)
            if unit != NOBODY:
                _send(world, c, seed, day, slot, unit, km, days)
