"""Self-defence militias protect their own community: attackers keep away from villages whose own bands are near.

The other side of the same bands is in :mod:`abm.militias`: they attack other communities. Disarming them lowers both.
"""

from __future__ import annotations

import math

from abm.communities import binds
from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.presence import gaussian
from abm.recruitment import strength_today
from abm.tables import World

REFERENCE_STRENGTH = 20.0  # fighters; the unit in which strength near a place and contact rates are stated
FAR = 9.0  # squared standard deviations beyond which a band protects nobody


@rule
def unprotected(strength_near: float, effect: float) -> float:
    """Chance that a village's own militia does not keep an attack away.

    ``1 - effect * (1 - exp(-strength_near))``, with strength in units of the reference strength, weighted by distance.
    """
    return 1.0 + effect * math.expm1(-strength_near)


@phase
def own_militia_near(world: World, c: Compiled, village: int, attackers: int, day: int) -> float:
    """Fighters of the village's own self-defence militia near it, weighted by distance, in reference strengths.

    Bands of the attackers' faction, those lying low and those in truth under jihadists do not count.
    """
    p = c.p[0]
    v = world.villages[village]
    total = 0.0
    for band in range(world.militias.shape[0]):
        m = world.militias[band]
        if m.community != v.community or m.faction == attackers or day < m.hidden_until:
            continue
        if not binds(m.jihadist, m.aligned):
            continue
        dx, dy = m.x - v.x, m.y - v.y
        distance_squared = dx * dx + dy * dy
        if distance_squared > FAR * p.protection_km * p.protection_km:
            continue
        total += gaussian(distance_squared, p.protection_km) * strength_today(world, c, band, day) / REFERENCE_STRENGTH
    return total


@phase
def unprotected_chance(world: World, c: Compiled, band: int, village: int, day: int) -> float:
    """Chance that the village's own militia does not keep a band away."""
    effect = c.p[0].militia_protection
    if effect == 0.0:
        return 1.0
    return unprotected(own_militia_near(world, c, village, world.militias[band].faction, day), effect)
