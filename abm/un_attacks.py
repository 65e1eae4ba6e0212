"""Attacks on UN patrols, convoys and temporary operating bases, and what they cost the unit."""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import BAND_ON_PATROL, ON_PATROL_OF_UN, UN_V_JIHADISTS
from abm.lived import is_lived
from abm.logbook import count_deaths, log_operation, new_event
from abm.presence import decayed
from abm.randomness import uniform
from abm.severity import MANY_PEOPLE, deaths_cap
from abm.tables import World
from abm.un_troops import fit_today
from abm.villages import NOBODY

# Draws of SEVERITY, apart from those for bands and army units: two for each way in which a unit can be attacked.
PATROL_SEVERITY, CONVOY_SEVERITY, TOB_SEVERITY = 20, 22, 24


@rule
def casualties(dead: int, wounded_per_death: float) -> float:
    """Killed and wounded of an attack with so many dead."""
    return dead * (1.0 + wounded_per_death)


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


@rule
def after_losses(over: int, task: int) -> int:
    """Troops left on a task from which `over` are missing; the others are missed elsewhere."""
    return task - min(task, over)


@phase
def take_losses(world: World, c: Compiled, unit: int, day: int) -> None:
    """Killed and wounded are missed where it hurts least: among the free, then at rest, at bases, escorts, convoys."""
    u = world.un_units[unit]
    over = u.at_tob + u.resting + u.convoying + u.escorting - fit_today(world, c, unit, day)
    if over <= 0:
        return
    resting, at_tob, escorting = u.resting, u.at_tob, u.escorting
    u.resting = after_losses(over, resting)
    over -= resting - u.resting
    u.at_tob = after_losses(over, at_tob)
    over -= at_tob - u.at_tob
    u.escorting = after_losses(over, escorting)
    over -= escorting - u.escorting
    u.convoying = after_losses(over, u.convoying)


@phase
def is_attacked(world: World, seed: int, day: int, process: int, agent: int, draw: int, chance: float) -> bool:
    """Whether somebody attacks today: nobody does on days of which it is known what happened."""
    return not is_lived(world, day) and uniform(seed, process, agent, day, draw) < chance


@phase
def attack_unit(
    world: World, c: Compiled, seed: int, day: int, unit: int, cell: int, what: int, severity: int
) -> float:
    """The nearest jihadist band attacks a unit at a cell: a row of both logs; returns killed and wounded.

    `what` says in the operations log whether a patrol, a convoy or a base was attacked, `severity` is the first draw of
    SEVERITY.
    """
    p = c.p[0]
    band = nearest_jihadists(world, cell)
    if band == NOBODY:
        return 0.0
    u = world.un_units[unit]
    row = new_event(
        world, day, UN_V_JIHADISTS, BAND_ON_PATROL, world.militias[band].faction, band, ON_PATROL_OF_UN, cell
    )
    e = world.events[row]
    e.target = u.id
    cap = deaths_cap(MANY_PEOPLE, c.most_deaths[UN_V_JIHADISTS])
    count_deaths(world, c, seed, day, row, u.id, severity, cap)
    log_operation(world, day, what, u.id, cell, e.deaths)
    hit = casualties(e.deaths, p.wounded_per_death)
    u.hurt = min(float(u.troops), decayed(u.hurt, u.hurt_day, day, p.hurt_half_life) + hit)
    u.hurt_day = day
    take_losses(world, c, unit, day)
    today = world.days[world.state[0].n_days]
    today.attacks_on_un += 1
    today.un_deaths += e.deaths
    return hit


@phase
def put_out_of_action(world: World, c: Compiled, unit: int, day: int) -> None:
    """A unit that lost people makes no patrol or convoy for some days."""
    world.un_units[unit].out_until = day + 1 + int(c.p[0].out_of_action_days)
