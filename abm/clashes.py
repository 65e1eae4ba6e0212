"""Who fights whom: opposed bands, and the one that a clash at a place is with."""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.kinds import FULANI, ON_JIHADISTS
from abm.tables import World
from abm.villages import NOBODY


@rule
def opposed(jihadist: int, faction: int, other_jihadist: int, other_faction: int, action: int) -> int:
    """Whether a band fights another one: jihadists and militias each other, Fulani and other militias each other."""
    if action == ON_JIHADISTS:
        return 1 if other_jihadist == 1 else 0
    if jihadist == 1:
        return 1 if other_jihadist == 0 and other_faction != FULANI else 0
    return 1 if other_jihadist == 0 and (faction == FULANI) != (other_faction == FULANI) else 0


@phase
def nearest_opposed(world: World, band: int, action: int, x: float, y: float) -> int:
    """Opposed band nearest to a place, or NOBODY."""
    m = world.militias[band]
    best, best_distance = NOBODY, math.inf
    for other in range(world.militias.shape[0]):
        o = world.militias[other]
        if opposed(m.jihadist, m.faction, o.jihadist, o.faction, action) == 0:
            continue
        dx, dy = o.x - x, o.y - y
        distance = dx * dx + dy * dy
        if distance < best_distance:
            best, best_distance = other, distance
    return best
