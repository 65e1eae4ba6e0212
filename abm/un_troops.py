"""Where UN troops are: at temporary operating bases (TOBs), their relief, with convoys and civilian teams, hurt, free.

A company's people are counted, not the company as a whole: a base takes the troops it needs from as many mobile
companies as it takes, and what is left of a company goes on patrol.
"""

from __future__ import annotations

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.presence import decayed
from abm.tables import FREE, NOT_ARRIVED, World


@rule
def fit_troops(troops: int, hurt: float) -> int:
    """Troops of a unit who are neither killed nor wounded, to the nearest whole number."""
    return max(0, troops - int(hurt + 0.5))


@rule
def unassigned(fit: int, at_tob: int, resting: int, convoying: int, escorting: int) -> int:
    """Fit troops whom nothing holds."""
    return max(0, fit - at_tob - resting - convoying - escorting)


@rule
def relief_troops(troops_per_tob: float, rotation: float) -> int:
    """Troops who rest, relieve and supply for those who hold one base."""
    return int(troops_per_tob * rotation) - int(troops_per_tob)


@phase
def fit_today(world: World, c: Compiled, unit: int, day: int) -> int:
    """Troops of a unit, arrived, who are neither killed nor wounded."""
    u = world.un_units[unit]
    if u.task == NOT_ARRIVED:
        return 0
    return fit_troops(u.troops, decayed(u.hurt, u.hurt_day, day, c.p[0].hurt_half_life))


@phase
def unassigned_today(world: World, c: Compiled, unit: int, day: int) -> int:
    """Troops of a unit whom nothing holds, whether or not it may act today."""
    u = world.un_units[unit]
    return unassigned(fit_today(world, c, unit, day), u.at_tob, u.resting, u.convoying, u.escorting)


@phase
def free_today(world: World, c: Compiled, unit: int, day: int) -> int:
    """Troops of a unit who can be given a task today: none after an attack that put the unit out of action."""
    if day < world.un_units[unit].out_until:
        return 0
    return unassigned_today(world, c, unit, day)


@phase
def _post(world: World, c: Compiled, day: int, lead: int, needed: int, resting: int) -> None:
    """Take troops for a base: from the company that leads it, then from mobile ones of its main base, then others."""
    for rank in range(3):
        for unit in range(world.un_units.shape[0]):
            if needed <= 0:
                return
            u = world.un_units[unit]
            beside = u.site == world.un_units[lead].site
            its_rank = 0 if unit == lead else (1 if beside else 2)
            if u.mobile == 0 or its_rank != rank:
                continue
            taken = min(needed, unassigned_today(world, c, unit, day))
            needed -= taken
            if resting == 1:
                u.resting += taken
            else:
                u.at_tob += taken


@phase
def assign_troops(world: World, c: Compiled, day: int) -> None:
    """Post troops to all bases that are held or being set up, and their relief; what is left is free."""
    p = c.p[0]
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        u.at_tob, u.resting = 0, 0
        if u.convoying > 0 and u.convoy_until <= day:
            u.convoying = 0
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status != FREE:
            _post(world, c, day, s.unit, int(p.troops_per_tob), 0)
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status != FREE:
            _post(world, c, day, s.unit, relief_troops(p.troops_per_tob, p.rotation), 1)


@phase
def mobile_heads(world: World) -> int:
    """People of mobile units of the standing force that are there, hurt or not."""
    total = 0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.mobile == 1 and u.task != NOT_ARRIVED and u.extra == 0:
            total += u.troops
    return total


@phase
def mobile_troops(world: World, c: Compiled, day: int) -> int:
    """Fit troops of mobile units that are there."""
    total = 0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.mobile == 1:
            total += fit_today(world, c, unit, day)
    return total
