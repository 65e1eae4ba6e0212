"""Villages: how attractive they are as targets, and what an attack leaves behind."""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.presence import decayed, un_presence
from abm.randomness import gumbel, uniform
from abm.tables import World

NOBODY = -1


@rule
def appeal(population: int, mixed: int, population_exponent: float, mixed_multiplier: float) -> float:
    """Log attraction of a village that does not depend on who attacks or from where."""
    size = population_exponent * math.log(max(population, 1) / 500.0)
    return size + mixed * math.log(mixed_multiplier)


@rule
def reuse(hits: int, discount: float, new_weight: float) -> float:
    """Log attraction of a place hit `hits` times before, against one never hit.

    Weights of the two-parameter Chinese restaurant (Pitman & Yor 1997): n - discount for a place with n events.
    """
    if hits == 0:
        return 0.0
    return math.log((hits - discount) / new_weight)


@rule
def refusal(jihadist: int, refuses: int, multiplier: float) -> float:
    """Log attraction, for jihadist groups, of a village that refuses their rule."""
    if jihadist == 1 and refuses == 1:
        return math.log(multiplier)
    return 0.0


@rule
def way(km: float, travel_scale: float) -> float:
    """Log attraction by the way from a band's home, in effective km."""
    return -km / travel_scale


@rule
def near_raid(distance_squared: float, raid_km: float) -> float:
    """Log attraction by the distance from the attack that a raid series continues."""
    return -0.5 * distance_squared / (raid_km * raid_km)


@phase
def utility(world: World, c: Compiled, band: int, action: int, village: int) -> float:
    """Log attraction of a village for a band and an action, without the way."""
    p = c.p[0]
    m = world.militias[band]
    v = world.villages[village]
    value = v.appeal + c.log_target[m.faction, action, v.community]
    value += reuse(v.hits, p.reuse_discount, p.reuse_new_weight)
    return value + refusal(m.jihadist, v.refusal, p.refusal_multiplier)


@phase
def covered(world: World, c: Compiled, cell: int, day: int) -> bool:
    """Whether the UN is present at a cell today."""
    p = c.p[0]
    return un_presence(world, cell, day, p.patrol_effect_days, p.persistence_days) >= p.displacement_below


@phase
def choose_village(
    world: World, c: Compiled, seed: int, day: int, band: int, action: int, parent: int, process: int, absent_only: int
) -> int:
    """Village a band goes to: multinomial logit over its seasonal reach (largest utility plus Gumbel noise).

    A raid series (`parent` is a row of the event log) stays near the attack it continues. With `absent_only`, only
    villages where the UN is absent are considered. Returns a row of the villages, or NOBODY.
    """
    p = c.p[0]
    m = world.militias[band]
    season = world.calendar[day].season
    best, best_value = NOBODY, -math.inf
    for entry in range(m.first_reach, m.first_reach + m.n_reach):
        km = world.reach_km[entry, season]
        if km > p.reach_km:
            continue
        village = world.reach_village[entry]
        v = world.villages[village]
        if absent_only == 1 and covered(world, c, v.cell, day):
            continue
        value = utility(world, c, band, action, village)
        if parent >= 0:
            e = world.events[parent]
            dx, dy = v.x - e.x, v.y - e.y
            value += near_raid(dx * dx + dy * dy, p.raid_km)
        else:
            value += way(km, p.travel_scale)
        value += gumbel(uniform(seed, process, m.id, day, v.id))
        if value > best_value:
            best, best_value = village, value
    return best


@phase
def choose_near(world: World, c: Compiled, seed: int, day: int, unit: int, x: float, y: float, process: int) -> int:
    """Village where an operation at (x, y) commits an abuse: suspicion of its community, and distance."""
    p = c.p[0]
    best, best_value = NOBODY, -math.inf
    limit = 9.0 * p.abuse_target_km * p.abuse_target_km
    for cell in range(world.cells.shape[0]):
        near = world.cells[cell]
        dx, dy = near.x - x, near.y - y
        if dx * dx + dy * dy > limit:
            continue
        for village in range(near.first_village, near.first_village + near.n_villages):
            v = world.villages[village]
            dx, dy = v.x - x, v.y - y
            value = c.log_suspicion[v.community] + near_raid(dx * dx + dy * dy, p.abuse_target_km)
            value += gumbel(uniform(seed, process, unit, day, v.id))
            if value > best_value:
                best, best_value = village, value
    return best


@phase
def remember_attack(world: World, c: Compiled, village: int, cell: int, day: int) -> None:
    """A place has been attacked: it is more likely to be again, and commanders hear of it."""
    if village >= 0:
        v = world.villages[village]
        v.hits += 1
        v.last_attack = day
    place = world.cells[cell]
    place.heat = decayed(place.heat, place.heat_day, day, c.p[0].heat_half_life) + 1.0
    place.heat_day = day
