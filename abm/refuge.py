"""Displaced people: who flees a village after an attack, and who returns when calm lasts.

A village's `displaced` is their number on `displaced_day`, the day of the attack that last drove somebody out; those
away today follow from both and are never written back in between, so that rounding does not add up. Deaths lower
nobody's population: they are few against the people of a village, and the population is what a place can hold.
"""

from __future__ import annotations

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.presence import decayed
from abm.severity import deaths_cap
from abm.tables import World

WITHOUT_DEATHS = 0.5  # assumption: an attack that kills nobody drives out half as many


@rule
def displaced_today(displaced: int, attack_day: int, day: int, calm_days: float, half_life: float) -> int:
    """Displaced people at a day, rounded down.

    All `displaced` until whole `calm_days` after the last attack, then half of them return every `half_life` days.
    """
    return int(decayed(float(displaced), attack_day + int(calm_days), day, half_life))


@rule
def fleeing(present: int, share: float, deaths: int) -> int:
    """People who flee, rounded down: `share` of those present, half as many where nobody was killed."""
    if deaths == 0:
        return int(share * WITHOUT_DEATHS * present)
    return int(share * present)


@phase
def _displaced_since(world: World, c: Compiled, village: int, day: int) -> int:
    """Displaced people of a village at a day, by the attack of `displaced_day` alone."""
    v = world.villages[village]
    return displaced_today(v.displaced, v.displaced_day, day, c.p[0].calm_days, c.p[0].return_half_life)


@phase
def _bring_up_to(world: World, c: Compiled, village: int, attack_day: int) -> None:
    """Those who returned before an attack are no longer displaced; from it, calm is counted anew."""
    v = world.villages[village]
    v.displaced = _displaced_since(world, c, village, attack_day)
    v.displaced_day = attack_day


@phase
def people_present(world: World, c: Compiled, village: int, day: int) -> int:
    """People of a village who are not displaced today."""
    population: int = world.villages[village].population
    if world.villages[village].displaced == 0:
        return population
    return population - _displaced_since(world, c, village, day)


@phase
def most_victims(world: World, c: Compiled, village: int, day: int, kind: int) -> int:
    """Most people who can die in an attack of a kind on a village: those present, and the most of the kind."""
    return deaths_cap(people_present(world, c, village, day), c.most_deaths[kind])


@phase
def flee(world: World, c: Compiled, village: int, deaths: int, day: int) -> None:
    """People flee a village that has been attacked today.

    Every attack on villagers comes here, by whomever, so the attack before is the one of `displaced_day`, and calm and
    return are counted from it even where `last_attack` is today already. A clash at the village that nobody fled is
    in `last_attack` alone; the weekly count (:func:`count_displaced`) makes its day `displaced_day`.
    """
    v = world.villages[village]
    _bring_up_to(world, c, village, day)
    v.displaced += fleeing(v.population - v.displaced, c.p[0].flee_share, deaths)


@phase
def count_displaced(world: World, c: Compiled, day: int) -> int:
    """Displaced people of all villages, once a week; written to the state."""
    total = 0
    for village in range(world.villages.shape[0]):
        v = world.villages[village]
        if v.displaced == 0:
            continue
        if v.last_attack > v.displaced_day:
            _bring_up_to(world, c, village, v.last_attack)
        away = _displaced_since(world, c, village, day)
        if away == 0:
            v.displaced = 0
        total += away
    world.state[0].displaced_people = total
    return total
