"""How far UN units go: medical evacuation, helicopters, and engineers who clear the roads of explosive devices."""

from __future__ import annotations

from abm.calendar import WEEK
from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.randomness import UN_AIR, uniform
from abm.tables import NOT_ARRIVED, UN_BASE, World


@rule
def medical_reach(
    air: int, hospital: int, team: int, ground_km: float, air_km: float, clinic_factor: float, team_km: float
) -> float:
    """Distance in km from its main base within which a unit may work, by how its casualties would come back.

    Args:
        air: 1 if helicopters evacuate.
        hospital: 1 if the level-2 hospital is open; before, a clinic makes the reach smaller.
        team: 1 if an advanced medical team goes along.
        ground_km: reach by road.
        air_km: reach by air.
        clinic_factor: reach without the hospital over reach with it.
        team_km: what the team adds.
    """
    base = air_km if air == 1 else ground_km
    return base * (1.0 if hospital == 1 else clinic_factor) + team * team_km


@rule
def clearance(engineers: float, troops_per_engineer: float, troops: float) -> float:
    """Share of patrolling troops whose routes engineers keep clear, 0..1."""
    if troops <= 0.0:
        return 1.0
    return min(1.0, engineers * troops_per_engineer / troops)


@rule
def confidence(clear: float, without: float) -> float:
    """Share of patrols that go out; `without` is the share where no engineer clears the way."""
    return without + (1.0 - without) * clear


@rule
def attack_factor(ied_share: float, counter_ied: float, clear: float, air_cover: float, cover: int) -> float:
    """Attacks on a patrol or convoy over those without engineers and armed helicopters.

    Engineers avert attacks with explosive devices, armed helicopters the others.
    """
    return ied_share * (1.0 - counter_ied * clear) + (1.0 - ied_share) * (1.0 - air_cover * cover)


@phase
def fly(world: World, c: Compiled, seed: int, day: int) -> None:
    """Once a week it turns out which aviation units fly, and from which main bases."""
    p = c.p[0]
    for site in range(world.sites.shape[0]):
        world.sites[site].air, world.sites[site].cover = 0, 0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        u.flying = 0
        if u.helicopters == 0 or u.task == NOT_ARRIVED or p.helicopters == 0.0:
            continue
        if uniform(seed, UN_AIR, u.id, day // WEEK, 0) < p.helicopter_availability:
            u.flying = 1
            world.sites[u.site].air = 1
            if u.armed == 1:
                world.sites[u.site].cover = 1


@phase
def has_helicopters(world: World, c: Compiled, site: int) -> int:
    """1 if helicopters are stationed at a main base, whether or not they fly this week: what planners count on."""
    if c.p[0].helicopters == 0.0:
        return 0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.site == site and u.helicopters > 0 and u.task != NOT_ARRIVED:
            return 1
    return 0


@phase
def reach_of(world: World, c: Compiled, unit: int, day: int, air: int) -> float:
    """Medical reach of a unit from its main base in km, with or without helicopters."""
    p = c.p[0]
    hospital = 1 if day >= p.hospital_opens else 0
    return medical_reach(
        air, hospital, world.un_units[unit].medics, p.ground_medical_km, p.air_medical_km, p.clinic_factor,
        p.medical_team_km,
    )  # fmt: skip


@phase
def clear_roads(world: World, c: Compiled, site: int) -> float:
    """Share of the patrols and convoys from a main base that have engineers to clear their way."""
    engineers, troops = 0.0, 0.0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.site != site or u.task == NOT_ARRIVED:
            continue
        if u.engineers == 1:
            engineers += u.troops
        elif u.patrols == 1:
            troops += u.troops
    return clearance(engineers, c.p[0].troops_per_engineer, troops)


@phase
def bases_with_air(world: World) -> int:
    """Main bases from which helicopters fly this week."""
    n = 0
    for site in range(world.sites.shape[0]):
        if world.sites[site].kind == UN_BASE:
            n += world.sites[site].air
    return n
