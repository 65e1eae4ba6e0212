"""A Malian-led strategy: dialogue between communities, disarmament of militias under agreements, services that return.

Once a week, after escorts have been ordered. Each kind of work has a budget of its own; what a week does not use is
lost, but for one unit.
"""

from __future__ import annotations

from abm.communities import NO_PAIR, PAIRS_PER_CERCLE, binds, quarrel
from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.logbook import log_operation
from abm.presence import army_presence
from abm.randomness import DIALOGUE, uniform
from abm.recruitment import FEWEST_FIGHTERS, set_strength, strength_today, weigh_cercle
from abm.refuge import flee
from abm.tables import (
    AGREEMENT_LAPSED,
    AGREEMENT_MADE,
    DISARMAMENT,
    SERVICES_LOST,
    SERVICES_RETURNED,
    World,
)

MOST_A_WEEK = 0.1  # assumption: share of a band's fighters who lay down arms in a week
MOST_IN_ALL = 0.8  # assumption: share of a band's first fighters who ever do
NO_PLACE = -1
NOBODY = -1


@rule
def weekly_budget(saved: float, added: float) -> float:
    """Units of work that a week allows: those added, and at most one saved from before."""
    return min(saved, 1.0) + added


@rule
def gives_up(strength: float, strength_start: float, disarmed: float, budget: float) -> float:
    """Fighters who lay down arms this week.

    At most the budget, a tenth of the band's strength, and what brings those ever disarmed to four fifths of its
    strength at the start; one fighter always stays.
    """
    willing = min(MOST_A_WEEK * strength, MOST_IN_ALL * strength_start - disarmed)
    return max(0.0, min(budget, min(willing, strength - FEWEST_FIGHTERS)))


@rule
def is_calm(last_attack: int, day: int, calm_days: float) -> bool:
    """Whether a village has not been attacked for `calm_days`; -1 is never."""
    return last_attack < 0 or day - last_attack >= calm_days


@phase
def _lapse(world: World, day: int) -> None:
    """Agreements that nobody broke end on their day; nobody takes up arms for that."""
    for pair in range(world.pairs.shape[0]):
        q = world.pairs[pair]
        if q.held == 1 and q.until <= day:
            q.held = 0
            log_operation(world, day, AGREEMENT_LAPSED, q.id, NO_PLACE, day - q.since)


@phase
def worst_quarrel(world: World, c: Compiled, day: int) -> int:
    """Pair without an agreement that hold most against each other, in a cercle of this world; -1 if none quarrel."""
    worst, most = NO_PAIR, 0.0
    for pair in range(world.pairs.shape[0]):
        q = world.pairs[pair]
        if q.held == 1 or world.cercles[q.cercle].people == 0:
            continue
        held_against = quarrel(world, c, pair, day)
        if held_against > most:
            worst, most = pair, held_against
    return worst


@phase
def next_to_lapse(world: World) -> int:
    """Pair whose agreement ends first; -1 if none is held."""
    first = NO_PAIR
    for pair in range(world.pairs.shape[0]):
        if world.pairs[pair].held == 1 and (first == NO_PAIR or world.pairs[pair].until < world.pairs[first].until):
            first = pair
    return first


@phase
def _talk(world: World, c: Compiled, seed: int, day: int) -> None:
    """Missions of dialogue: to the worst quarrel without an agreement, else to renew the agreement that ends first."""
    p = c.p[0]
    s = world.state[0]
    s.dialogue_budget = weekly_budget(s.dialogue_budget, p.dialogue_per_week * s.served_share)
    number = 0
    while s.dialogue_budget >= 1.0:
        pair = worst_quarrel(world, c, day)
        if pair == NO_PAIR:
            pair = next_to_lapse(world)
        if pair == NO_PAIR:
            break
        q = world.pairs[pair]
        if uniform(seed, DIALOGUE, q.id, day, number) < p.dialogue_success:
            q.until = day + int(p.agreement_days)
            if q.held == 0:
                q.held, q.since = 1, day
                q.made += 1
                log_operation(world, day, AGREEMENT_MADE, q.id, NO_PLACE, int(p.agreement_days))
        number += 1
        s.dialogue_budget -= 1.0
    world.days[s.n_days].dialogue_missions += number


@phase
def disarms_under(world: World, band: int) -> int:
    """Agreement under which a band disarms: the first in row order that is held by its community at home; -1 none."""
    m = world.militias[band]
    if not binds(m.jihadist, m.aligned):
        return NO_PAIR
    for pair in range(PAIRS_PER_CERCLE * m.cercle, PAIRS_PER_CERCLE * (m.cercle + 1)):
        q = world.pairs[pair]
        if q.held == 1 and (m.community == q.first or m.community == q.second):
            return pair
    return NO_PAIR


@phase
def disarmed_in_all(world: World) -> float:
    """Fighters of all bands who have laid down arms and not taken them up again."""
    total = 0.0
    for band in range(world.militias.shape[0]):
        total += world.militias[band].disarmed
    return total


@phase
def _disarm_pair(world: World, c: Compiled, pair: int, day: int) -> float:
    """Fighters of both communities of a pair lay down arms, band after band, as the budget allows; returns how many."""
    s = world.state[0]
    total = 0.0
    for band in range(world.militias.shape[0]):
        if s.disarmament_budget <= 0.0:
            break
        if disarms_under(world, band) != pair:
            continue
        m = world.militias[band]
        strength = strength_today(world, c, band, day)
        given = gives_up(strength, m.strength_start, m.disarmed, s.disarmament_budget)
        if given > 0.0:
            set_strength(world, band, strength - given, day)
            m.disarmed += given
            s.disarmament_budget -= given
            total += given
    return total


@phase
def _disarm(world: World, c: Compiled, day: int) -> None:
    """Disarmament where agreements hold; logged numbers add up to the whole number of those disarmed."""
    s = world.state[0]
    s.disarmament_budget = weekly_budget(s.disarmament_budget, c.p[0].disarmament_per_week)
    if s.disarmament_budget <= 0.0:
        return
    before = disarmed_in_all(world)
    for pair in range(world.pairs.shape[0]):
        if world.pairs[pair].held == 0:
            continue
        after = before + _disarm_pair(world, c, pair, day)
        if int(after) > int(before):
            log_operation(world, day, DISARMAMENT, world.pairs[pair].id, NO_PLACE, int(after) - int(before))
        before = after


@phase
def largest_unserved(world: World, c: Compiled, day: int) -> int:
    """Largest village that services can return to: calm, and national forces are there to keep it so; -1 if none.

    Services need security: teachers and officials do not go where no state force is.
    """
    p = c.p[0]
    best, most = NOBODY, 0
    for village in range(world.villages.shape[0]):
        v = world.villages[village]
        # An attack that people fled, an abuse by national forces among them, is in `displaced_day`.
        if v.population <= most or v.served == 1 or not is_calm(max(v.last_attack, v.displaced_day), day, p.calm_days):
            continue
        if army_presence(world, v.cell, day, p.patrol_effect_days) >= p.displacement_below:
            best, most = village, v.population
    return best


@phase
def _serve(world: World, c: Compiled, day: int) -> None:
    """Services return, to the largest villages first."""
    s = world.state[0]
    s.services_budget = weekly_budget(s.services_budget, c.p[0].services_per_week)
    while s.services_budget >= 1.0:
        village = largest_unserved(world, c, day)
        if village == NOBODY:
            break
        v = world.villages[village]
        v.served = 1
        world.cercles[v.cercle].served_people += v.population
        weigh_cercle(world, c, v.cercle)
        s.served_villages += 1
        s.services_budget -= 1.0
        log_operation(world, day, SERVICES_RETURNED, village, v.cell, v.population)


@phase
def lose_services(world: World, c: Compiled, village: int, day: int) -> None:
    """Services withdraw from a village that has been attacked, where there were any."""
    v = world.villages[village]
    if v.served == 1:
        v.served = 0
        world.cercles[v.cercle].served_people -= v.population
        weigh_cercle(world, c, v.cercle)
        world.state[0].served_villages -= 1
        log_operation(world, day, SERVICES_LOST, village, v.cell, v.population)


@phase
def suffer(world: World, c: Compiled, row: int, day: int) -> None:
    """What an attack does to a village: people flee, and services that had returned leave."""
    e = world.events[row]
    flee(world, c, e.village, e.deaths, day)
    lose_services(world, c, e.village, day)


@phase
def work_on_strategy(world: World, c: Compiled, seed: int, day: int) -> None:
    """The weekly work, after the weekly order of escorts and the settlement of strengths."""
    _lapse(world, day)
    if day < c.p[0].strategy_from:
        return
    _talk(world, c, seed, day)
    _disarm(world, c, day)
    _serve(world, c, day)


@phase
def standing_totals(world: World) -> None:
    """Agreements held, fighters disarmed and villages served, as they stand at the end of the day."""
    s = world.state[0]
    today = world.days[s.n_days]
    for pair in range(world.pairs.shape[0]):
        today.agreements += world.pairs[pair].held
    today.disarmed = int(disarmed_in_all(world))
    today.served = s.served_villages
