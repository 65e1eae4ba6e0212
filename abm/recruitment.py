"""Strength of armed groups: what it tends to, how fast, and the recruits that abuses by national forces bring.

A band's full strength is its strength at the start, changed only by what deviates from the usual course: abuses
remembered beyond the usual number, services that have returned, fighters who were disarmed. The band moves towards it
with the half-life of replacement. Full strengths change between settlements of all strengths, so a change acts with
that lag and never looks back to before it happened (but for services lost within the week).
"""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import NATIONAL_FORCES, ON_VILLAGE, PREVENTED
from abm.presence import decayed
from abm.tables import World

LARGEST_CHANGE = 3.0  # assumption: grievance multiplies or divides strength or rate by three at most
LOG_LARGEST_CHANGE = math.log(LARGEST_CHANGE)
FEWEST_FIGHTERS = 1.0  # a band never vanishes


@rule
def bounded_growth(effect: float, excess: float) -> float:
    """Multiple of the usual: exp(effect * excess), from 1/3 to 3.

    `effect` is a log per attack or abuse, `excess` their remembered number beyond the usual one. Exactly 1 where either
    is zero.
    """
    return math.exp(max(-LOG_LARGEST_CHANGE, min(LOG_LARGEST_CHANGE, effect * excess)))


@rule
def left_with_services(effect: float, served: int, people: int) -> float:
    """Share of armed groups left in the long run where services reach `served` of `people`: 1 - effect * share."""
    if people == 0:
        return 1.0
    return 1.0 - effect * served / people


@rule
def full_with(strength_start: float, recruits: float, services: float, disarmed: float) -> float:
    """Fighters a band tends to: start * recruits * services - disarmed, at least one.

    `recruits` and `services` are multiples, `disarmed` fighters.
    """
    return max(FEWEST_FIGHTERS, strength_start * recruits * services - disarmed)


@rule
def recovered(strength: float, full: float, last_day: int, day: int, half_life: float) -> float:
    """Strength today, when half of what is missing is replaced every `half_life` days."""
    return full - decayed(full - strength, last_day, day, half_life)


@rule
def is_abuse(actor: int, action: int, outcome: int) -> bool:
    """Whether an event of the log is an abuse by national forces that happened."""
    return actor == NATIONAL_FORCES and action == ON_VILLAGE and outcome != PREVENTED


@rule
def recruits_of(jihadist: int, aligned: int, recruits: float) -> float:
    """Multiple by which abuses in its cercle change the full strength of a band: of jihadists and their allies only."""
    return recruits if jihadist == 1 or aligned == 1 else 1.0


@phase
def weigh_cercle(world: World, c: Compiled, cercle: int) -> None:
    """Bring the multiples of full strength in a cercle up to date; abuses count as remembered at the last settlement.

    Kept in the table because every band is asked for its strength every day.
    """
    p = c.p[0]
    r = world.cercles[cercle]
    r.recruits = bounded_growth(p.recruit_abuse, r.abuses - r.abuses_usual)
    r.services = left_with_services(p.services_effect, r.served_people, r.people)


@rule
def strength_on(
    strength: float, last_day: int, strength_start: float, recruits: float, services: float, disarmed: float, day: int,
    half_life: float,
) -> float:  # fmt: skip
    """Fighters of a band on a day, on the way from `strength` on `last_day` to its full strength."""
    return recovered(strength, full_with(strength_start, recruits, services, disarmed), last_day, day, half_life)


@phase
def strength_today(world: World, c: Compiled, band: int, day: int) -> float:
    """Fighters of a band today."""
    m = world.militias[band]
    home = world.cercles[m.cercle]
    recruits = recruits_of(m.jihadist, m.aligned, home.recruits)
    return strength_on(
        m.strength, m.strength_day, m.strength_start, recruits, home.services, m.disarmed, day,
        c.p[0].replacement_half_life,
    )  # fmt: skip


@phase
def set_strength(world: World, band: int, strength: float, day: int) -> None:
    """A band has so many fighters today."""
    m = world.militias[band]
    m.strength = strength
    m.strength_day = day


@phase
def settle_strengths(world: World, c: Compiled, day: int) -> None:
    """Bring all strengths up to date under the full strengths so far, then let what is remembered fade."""
    for band in range(world.militias.shape[0]):
        set_strength(world, band, strength_today(world, c, band, day), day)
    for cercle in range(world.cercles.shape[0]):
        r = world.cercles[cercle]
        r.abuses = decayed(r.abuses, r.abuses_day, day, c.p[0].recruit_half_life)
        r.abuses_day = max(r.abuses_day, day)
        weigh_cercle(world, c, cercle)


@phase
def lose_fighters(world: World, c: Compiled, band: int, lost: float, day: int) -> None:
    """A band loses fighters; it never falls below one."""
    set_strength(world, band, max(FEWEST_FIGHTERS, strength_today(world, c, band, day) - lost), day)


@phase
def remember_abuses(world: World, c: Compiled, day: int) -> None:
    """Abuses that happened `recruit_lag_days` (whole days) ago begin to count in their cercles."""
    s = world.state[0]
    lag = int(c.p[0].recruit_lag_days)
    settled = False
    while s.recruit_row < s.n_events and world.events[s.recruit_row].day + lag <= day:
        e = world.events[s.recruit_row]
        if is_abuse(e.actor, e.action, e.outcome):
            if not settled:
                settle_strengths(world, c, day)
                settled = True
            world.cercles[e.cercle].abuses += 1.0
            weigh_cercle(world, c, e.cercle)
        s.recruit_row += 1
