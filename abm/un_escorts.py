"""Escorts of civilian teams: police units first, then troops who would otherwise patrol."""

from __future__ import annotations

from abm.calendar import DAYS_PER_MONTH, WEEK
from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.tables import NOT_ARRIVED, World
from abm.un_troops import free_today

WEEKS_PER_MONTH = DAYS_PER_MONTH / WEEK


@rule
def missions_with_police(police_units: int, per_unit_month: float) -> float:
    """Missions a week that formed police units can escort."""
    return police_units * per_unit_month / WEEKS_PER_MONTH


@rule
def troops_for(missions: float, troops_per_escort: float, escort_days: float) -> float:
    """Troops that missions a week tie down, on average over the week."""
    return missions * troops_per_escort * escort_days / WEEK


@rule
def share_served(wanted: float, by_police: float, troops: float, troops_per_escort: float, escort_days: float) -> float:
    """Share of the missions wanted that find an escort, 0..1."""
    if wanted <= 0.0:
        return 1.0
    return min(1.0, (by_police + troops / troops_for(1.0, troops_per_escort, escort_days)) / wanted)


@phase
def missions_wanted(c: Compiled, day: int) -> float:
    """Missions a week that investigators and dialogue teams ask for."""
    p = c.p[0]
    wanted = 0.0
    if day >= p.accountability_from:
        wanted += p.investigations_per_week
    if day >= p.strategy_from:
        wanted += p.dialogue_per_week
    return wanted


@phase
def release_escorts(world: World) -> None:
    """Last week's escorts are back: bases come before them when troops are posted anew."""
    for unit in range(world.un_units.shape[0]):
        world.un_units[unit].escorting = 0


@phase
def assign_escorts(world: World, c: Compiled, day: int) -> None:
    """The weekly order: who escorts civilian teams, and how many of them find an escort."""
    p = c.p[0]
    police, free = 0, 0
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.task == NOT_ARRIVED:
            continue
        police += u.police
        if u.patrols == 1:
            free += free_today(world, c, unit, day)
    wanted = missions_wanted(c, day)
    by_police = min(wanted, missions_with_police(police, p.escorts_per_police_unit))
    needed = troops_for(wanted - by_police, p.troops_per_escort, p.escort_days)
    used = min(needed, p.escort_share * free)
    if used > 0.0:
        for unit in range(world.un_units.shape[0]):
            u = world.un_units[unit]
            if u.patrols == 1 and u.task != NOT_ARRIVED:
                u.escorting = int(free_today(world, c, unit, day) * (used / free))
    share = share_served(wanted, by_police, used, p.troops_per_escort, p.escort_days)
    world.state[0].served_share = share
    world.days[world.state[0].n_days].missions = wanted * share
