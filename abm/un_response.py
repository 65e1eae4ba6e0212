"""Early warnings of attacks on villages, and who answers them in time.

Somebody warns of a share of the attacks, some hours before (exponential). The UN troops who can be there first go, and
national forces near may stay or come. Troops who arrive before the attack may prevent it; UN troops who arrive during
it make it less deadly. What was expected of the answer, averaged over warnings and leads, is kept beside what happened.
"""

from __future__ import annotations

import math

from abm.calendar import RAINS, RAINS_AND_FLOOD
from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import AVERTED_BY_ARMY, AVERTED_BY_UN, DURING, IN_TIME, PREVENTED, TOO_LATE
from abm.logbook import log_operation
from abm.presence import decayed
from abm.randomness import WARNING, uniform
from abm.tables import NOT_ARRIVED, OPEN, RESPONSE, World
from abm.un_reach import reach_of
from abm.un_troops import free_today
from abm.villages import NOBODY

# Entries of the scratch array `answers`.
UN_HOURS, UN_UNIT, ARMY_HOURS, ARMY_UNIT, MEAN_SOFT, SOFT = range(6)
NO_CELL = -1


@rule
def season_speed(season: int, in_rains: float) -> float:
    """Speed off the roads in a season over that in the dry season."""
    return in_rains if season in (RAINS, RAINS_AND_FLOOD) else 1.0


@rule
def hours_by_road(km: float, offroad: float, kmh: float, ready_hours: float) -> float:
    """Hours from a warning until troops are at a place `km` away in a straight line, off the roads."""
    return ready_hours + km * offroad / kmh


@rule
def hours_by_air(km: float, kmh: float, air_ready_hours: float, ready_hours: float) -> float:
    """Hours from a warning until troops are there by helicopter, which leaves no sooner than they are ready."""
    return max(air_ready_hours, ready_hours) + km / kmh


@rule
def stays_today(day: int, strategy_from: float, before: float, since: float) -> float:
    """Chance that national forces answer a warning: a strategy may change it from its first day."""
    return since if day >= strategy_from else before


@rule
def warned_longer_than(hours: float, warning_hours: float) -> float:
    """Share of warnings that come more than so many hours before the attack."""
    return math.exp(-max(0.0, hours) / warning_hours)


@rule
def chance_averted(
    p_warning: float, warning_hours: float, un_hours: float, un_effect: float, army_hours: float, army_effect: float
) -> float:
    """Chance that an attack is warned of and averted, by the UN or by national forces, over all warnings and leads."""
    by_un = un_effect * warned_longer_than(un_hours, warning_hours)
    by_army = army_effect * warned_longer_than(army_hours, warning_hours)
    by_both = un_effect * army_effect * warned_longer_than(max(un_hours, army_hours), warning_hours)
    return p_warning * (by_un + by_army - by_both)


@rule
def chance_during(
    p_warning: float, warning_hours: float, attack_hours: float, un_hours: float, army_hours: float, army_effect: float
) -> float:
    """Chance that an attack is warned of and not averted, and UN troops come while it goes on."""
    latest = un_hours - attack_hours
    during = warned_longer_than(latest, warning_hours) - warned_longer_than(un_hours, warning_hours)
    army_first = max(army_hours, latest)
    averted = 0.0
    if army_first < un_hours:
        averted = warned_longer_than(army_first, warning_hours) - warned_longer_than(un_hours, warning_hours)
    return p_warning * (during - army_effect * averted)


@rule
def lead_of(u: float, warning_hours: float) -> float:
    """Hours between a warning and the attack."""
    return -warning_hours * math.log(u)


@rule
def softened(dead: int, factor: float, u: float) -> int:
    """Deaths of an attack during which troops came, rounded at random so that their mean is right."""
    if factor == 1.0:
        return dead
    return int(dead * factor + u)


@rule
def mean_of_both(stands: float, first: float, elsewhere: float) -> float:
    """Mean deaths of a candidate tried twice, so that its expected attacks times this are its expected deaths.

    It stands at the first village with chance `stands` and happened at the other: expected attacks are stands + 1.
    """
    return (stands * first + elsewhere) / (stands + 1.0)


@rule
def mean_softening(softening: float, during: float, averted: float) -> float:
    """Expected factor on deaths of an attack that is not averted; 1 where every attack is averted."""
    if averted >= 1.0:
        return 1.0
    return 1.0 - softening * during / (1.0 - averted)


@phase
def _offer(world: World, unit: int, hours: float) -> None:
    """Keep the quickest answer of the UN so far."""
    if hours < world.answers[UN_HOURS]:
        world.answers[UN_HOURS] = hours
        world.answers[UN_UNIT] = float(unit)


@phase
def _distance(x: float, y: float, to_x: float, to_y: float) -> float:
    dx, dy = x - to_x, y - to_y
    return math.sqrt(dx * dx + dy * dy)


@phase
def _from_main_base(world: World, c: Compiled, day: int, unit: int, x: float, y: float, offroad: float) -> None:
    """Free troops of a company at its main base: by road, within its patrol distance; mobile ones also by air."""
    p = c.p[0]
    u = world.un_units[unit]
    site = world.sites[u.site]
    km = _distance(site.x, site.y, x, y)
    limit = p.mobile_patrol_km if u.mobile == 1 else p.base_patrol_km
    if km > reach_of(world, c, unit, day, site.air):
        return
    if km * p.friction_offroad <= limit:
        _offer(world, unit, hours_by_road(km, offroad, p.response_kmh, p.response_ready_hours))
    if u.mobile == 1 and site.air == 1:
        _offer(world, unit, hours_by_air(km, p.air_kmh, p.air_ready_hours, p.response_ready_hours))


@phase
def find_un_answer(world: World, c: Compiled, day: int, x: float, y: float) -> None:
    """UN troops who can be at a place first: from TOBs, patrols on their way, or main bases."""
    p = c.p[0]
    world.answers[UN_HOURS], world.answers[UN_UNIT] = math.inf, float(NOBODY)
    offroad = p.friction_offroad / season_speed(world.calendar[day].season, p.rain_speed_offroad)
    for slot in range(world.slots.shape[0]):
        s = world.slots[slot]
        if s.status == OPEN and world.un_units[s.unit].at_tob >= p.response_troops:
            km = _distance(s.x, s.y, x, y)
            _offer(world, s.unit, hours_by_road(km, offroad, p.response_kmh, p.response_ready_hours))
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.patrols == 0 or u.task == NOT_ARRIVED or free_today(world, c, unit, day) < p.response_troops:
            continue
        if u.patrol_cell != NO_CELL:
            place = world.cells[u.patrol_cell]
            km = _distance(place.x, place.y, x, y)
            _offer(world, unit, hours_by_road(km, offroad, p.response_kmh, p.response_ready_hours))
        else:
            _from_main_base(world, c, day, unit, x, y, offroad)


@phase
def find_army_answer(world: World, c: Compiled, day: int, x: float, y: float) -> None:
    """Unit of national forces that can be at a place first, from where it is today."""
    p = c.p[0]
    offroad = p.friction_offroad / season_speed(world.calendar[day].season, p.rain_speed_offroad)
    world.answers[ARMY_HOURS], world.answers[ARMY_UNIT] = math.inf, float(NOBODY)
    nearest = math.inf
    for unit in range(world.national_forces.shape[0]):
        a = world.national_forces[unit]
        dx, dy = a.x - x, a.y - y
        if dx * dx + dy * dy < nearest:
            nearest = dx * dx + dy * dy
            world.answers[ARMY_UNIT] = float(unit)
    if nearest < math.inf:
        km = math.sqrt(nearest)
        world.answers[ARMY_HOURS] = hours_by_road(km, offroad, p.response_kmh, p.response_ready_hours)


@phase
def expect_answer(world: World, c: Compiled, row: int, stays: float) -> None:
    """What the answer to a warning would do on average: chance to stand, and deaths if it stands."""
    p = c.p[0]
    e = world.events[row]
    un_hours, army_hours = world.answers[UN_HOURS], world.answers[ARMY_HOURS]
    by_army = stays * p.p_effective
    averted = chance_averted(p.p_warning, p.warning_hours, un_hours, p.effective_un, army_hours, by_army)
    during = chance_during(p.p_warning, p.warning_hours, p.attack_hours, un_hours, army_hours, by_army)
    e.stands *= 1.0 - averted
    world.answers[MEAN_SOFT] = mean_softening(p.softening, during, averted)
    e.response_hours = un_hours


@phase
def sound_alarm(world: World, c: Compiled, cell: int, day: int) -> None:
    """A warning that the UN did not answer in time is remembered by those who choose sites of bases by warnings."""
    place = world.cells[cell]
    place.alarm = decayed(place.alarm, place.alarm_day, day, c.p[0].heat_half_life) + 1.0
    place.alarm_day = day


@phase
def answer_warning(world: World, c: Compiled, seed: int, day: int, band: int, row: int) -> None:
    """An attack on a village that presence has not prevented: is somebody warned, and what comes of it?

    Writes the outcome into the row, and factors on deaths, expected and actual, to `world.answers`.
    """
    p = c.p[0]
    e = world.events[row]
    agent = world.militias[band].id
    find_un_answer(world, c, day, e.x, e.y)
    find_army_answer(world, c, day, e.x, e.y)
    stays = stays_today(day, p.strategy_from, p.p_army_stays, p.army_stays)
    expect_answer(world, c, row, stays)
    if e.outcome == PREVENTED or uniform(seed, WARNING, agent, day, 0) >= p.p_warning:
        return
    lead = lead_of(uniform(seed, WARNING, agent, day, 1), p.warning_hours)
    un_hours = world.answers[UN_HOURS]
    un_in_time = un_hours < lead
    army_in_time = world.answers[ARMY_HOURS] < lead and uniform(seed, WARNING, agent, day, 3) < stays
    e.responder = int(world.answers[UN_UNIT])
    e.answer = TOO_LATE
    if un_hours >= lead and un_hours < lead + p.attack_hours:
        e.answer = DURING
        world.answers[SOFT] = 1.0 - p.softening
    if un_in_time or army_in_time:
        e.answer = IN_TIME
    if un_in_time and uniform(seed, WARNING, agent, day, 2) < p.effective_un:
        e.answer, e.outcome = AVERTED_BY_UN, PREVENTED
    elif army_in_time and uniform(seed, WARNING, agent, day, 4) < p.p_effective:
        e.answer, e.outcome, e.responder = AVERTED_BY_ARMY, PREVENTED, int(world.answers[ARMY_UNIT])
    today = world.days[world.state[0].n_days]
    today.warnings += 1
    if un_in_time or army_in_time:
        today.answered += 1
    if not un_in_time:
        sound_alarm(world, c, e.cell, day)
    if un_hours < lead + p.attack_hours:
        log_operation(world, day, RESPONSE, int(world.answers[UN_UNIT]), e.cell, e.answer)
