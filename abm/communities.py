"""Communities: what they hold against each other, agreements between them, and how these break.

In each cercle two pairs of communities have militias that fight each other: Dogon and Fulani, Bambara and Fulani. What
one community holds against the other is its grievance, the attacks it remembers, each fading with a half-life.
"""

from __future__ import annotations

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.geography import COMMUNITIES
from abm.kinds import BAND, ON_MILITIA, ON_VILLAGE, PREVENTED
from abm.logbook import log_operation
from abm.presence import decayed
from abm.randomness import AGREEMENT, uniform
from abm.recruitment import bounded_growth, set_strength, strength_today
from abm.tables import AGREEMENT_BROKEN, World

DOGON_PEOPLE, FULANI_PEOPLE, BAMBARA_PEOPLE = (COMMUNITIES.index(name) for name in ("dogon", "fulani", "bambara"))
PAIRS_PER_CERCLE = 2
NO_PAIR = -1


@rule
def pair_of(cercle: int, community_a: int, community_b: int) -> int:
    """Row of a pair of communities in a cercle, whichever is named first; -1 if they are no such pair."""
    other = community_a
    if community_a == FULANI_PEOPLE:
        other = community_b
    elif community_b != FULANI_PEOPLE:
        return NO_PAIR
    if other == DOGON_PEOPLE:
        return PAIRS_PER_CERCLE * cercle
    if other == BAMBARA_PEOPLE:
        return PAIRS_PER_CERCLE * cercle + 1
    return NO_PAIR


@rule
def not_held_back(held: int, effect: float) -> float:
    """Chance that an attack on the other community is not held back: 1 - effect while an agreement holds."""
    return 1.0 - held * effect


@rule
def binds(jihadist: int, aligned: int) -> bool:
    """Whether a band answers to its community: a self-defence militia that is not in truth under jihadists."""
    return jihadist == 0 and aligned == 0


@rule
def is_intercommunal(action: int) -> bool:
    """Whether an action is aimed at another community: its villages or its militia."""
    return action in (ON_VILLAGE, ON_MILITIA)


@phase
def agreement_factor(world: World, c: Compiled, band: int, village: int, action: int) -> float:
    """Chance that an agreement of its community does not hold a band back from an action at a village."""
    m = world.militias[band]
    if not (binds(m.jihadist, m.aligned) and is_intercommunal(action)):
        return 1.0
    v = world.villages[village]
    pair = pair_of(v.cercle, m.community, v.community)
    if pair == NO_PAIR:
        return 1.0
    return not_held_back(world.pairs[pair].held, c.p[0].agreement_effect)


@phase
def grievance_of(world: World, c: Compiled, pair: int, community: int, day: int) -> float:
    """Attacks that one community of a pair remembers by the other."""
    q = world.pairs[pair]
    if community == q.first:
        return decayed(q.first_grievance, q.first_day, day, c.p[0].grievance_half_life)
    return decayed(q.second_grievance, q.second_day, day, c.p[0].grievance_half_life)


@phase
def quarrel(world: World, c: Compiled, pair: int, day: int) -> float:
    """What the two communities of a pair hold against each other, together."""
    q = world.pairs[pair]
    return grievance_of(world, c, pair, q.first, day) + grievance_of(world, c, pair, q.second, day)


@phase
def grievance_factor(world: World, c: Compiled, band: int, day: int) -> float:
    """Multiple of a self-defence militia's rate by the grievance of its community in its home cercle."""
    slow = c.p[0].slow_grievance
    m = world.militias[band]
    if slow == 0.0 or not binds(m.jihadist, m.aligned):
        return 1.0
    excess = 0.0
    for pair in range(PAIRS_PER_CERCLE * m.cercle, PAIRS_PER_CERCLE * (m.cercle + 1)):
        q = world.pairs[pair]
        if m.community == q.first:
            excess += grievance_of(world, c, pair, m.community, day) - q.first_usual
        elif m.community == q.second:
            excess += grievance_of(world, c, pair, m.community, day) - q.second_usual
    return bounded_growth(slow, excess)


@phase
def _resent(world: World, c: Compiled, pair: int, victims: int, day: int) -> None:
    """A community remembers one more attack by the other of its pair."""
    q = world.pairs[pair]
    grievance = grievance_of(world, c, pair, victims, day) + 1.0
    if victims == q.first:
        q.first_grievance, q.first_day = grievance, day
    else:
        q.second_grievance, q.second_day = grievance, day


@phase
def _rearm(world: World, c: Compiled, pair: int, day: int) -> None:
    """Some of the disarmed fighters of both communities take up arms again."""
    q = world.pairs[pair]
    for band in range(world.militias.shape[0]):
        m = world.militias[band]
        concerned = m.cercle == q.cercle and (m.community == q.first or m.community == q.second)
        if concerned and m.disarmed > 0.0 and binds(m.jihadist, m.aligned):
            returned = c.p[0].rearm_share * m.disarmed
            set_strength(world, band, strength_today(world, c, band, day) + returned, day)
            m.disarmed -= returned


@phase
def bear_on_communities(world: World, c: Compiled, seed: int, row: int, day: int) -> None:
    """What a realised attack of a band leaves between two communities: a grievance, perhaps a broken agreement."""
    e = world.events[row]
    if e.actor != BAND or e.outcome == PREVENTED or e.village < 0 or not is_intercommunal(e.action):
        return
    m = world.militias[e.perpetrator]
    pair = pair_of(e.cercle, m.community, e.community)
    if pair == NO_PAIR or not binds(m.jihadist, m.aligned):
        return
    _resent(world, c, pair, e.community, day)
    q = world.pairs[pair]
    if q.held == 1 and uniform(seed, AGREEMENT, m.id, day, 0) < c.p[0].break_chance:
        q.held = 0
        q.broken += 1
        log_operation(world, day, AGREEMENT_BROKEN, q.id, e.cell, day - q.since)
        _rearm(world, c, pair, day)
