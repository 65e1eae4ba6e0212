"""One day, in order, and the compiled loop over days."""

from __future__ import annotations

import math

from abm.accountability import risk_today, work_on_cases
from abm.calendar import WEEK
from abm.compiled import entry, phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import BAND, LIABLE_ARMY, LIABLE_MILITIA, NATIONAL_FORCES, PREVENTED
from abm.lived import is_lived, relive
from abm.militias import act, bear_consequences, find_candidates
from abm.national_forces import bear_army_consequences, move_national_forces
from abm.randomness import ZONE_DRIFT, normal, uniform
from abm.recruitment import remember_abuses, settle_strengths
from abm.refuge import count_displaced
from abm.strategy import standing_totals, work_on_strategy
from abm.tables import NOT_ARRIVED, OPEN, World
from abm.un_convoys import supply_tobs
from abm.un_escorts import assign_escorts, release_escorts
from abm.un_patrols import endure_attacks_on_tobs, patrol, receive_units
from abm.un_reach import bases_with_air, fly
from abm.un_tobs import command, turn_tobs_over
from abm.un_troops import assign_troops, fit_today, mobile_troops


@rule
def next_deviation(deviation: float, memory: float, step: float, shock: float) -> float:
    """Log deviation of a zone's level next month."""
    return memory * deviation + step * shock


@rule
def next_variance(variance: float, memory: float, step: float) -> float:
    """Variance of that deviation next month."""
    return memory * memory * variance + step * step


@rule
def multiplier_of(deviation: float, variance: float) -> float:
    """Multiple of the usual level; half the variance is taken off so that its mean stays one."""
    return math.exp(deviation - 0.5 * variance)


@phase
def set_levels(world: World, month_number: int) -> None:
    """Levels of the month in all cercles: the course that the run is given, and what its zone drifted to."""
    row = min(month_number - world.state[0].course_from, world.course.shape[0] - 1)
    for cercle in range(world.cercles.shape[0]):
        r = world.cercles[cercle]
        r.course = world.course[row, cercle]
        r.level = world.zones[r.zone].multiplier * r.course


@phase
def drift_zones(world: World, c: Compiled, seed: int, day: int) -> None:
    """On the first day of each month every zone's level takes a random step."""
    p = c.p[0]
    month_number = world.calendar[day].month_number
    if world.zones[0].month_number == month_number:
        return
    for zone in range(world.zones.shape[0]):
        z = world.zones[zone]
        z.month_number = month_number
        shock = normal(
            uniform(seed, ZONE_DRIFT, z.id, month_number, 0), uniform(seed, ZONE_DRIFT, z.id, month_number, 1)
        )
        z.deviation = next_deviation(z.deviation, p.drift_memory, p.drift_step, shock)
        z.variance = next_variance(z.variance, p.drift_memory, p.drift_step)
        z.multiplier = multiplier_of(z.deviation, z.variance)
    set_levels(world, month_number)


@phase
def bear_all_consequences(world: World, c: Compiled, seed: int, day: int, first: int) -> None:
    """What today's events leave behind, in the order of the log, after all of them have happened."""
    last = world.state[0].n_events
    for row in range(first, last):
        e = world.events[row]
        if e.outcome == PREVENTED:
            continue
        if e.actor == BAND:
            bear_consequences(world, c, seed, row, day)
        elif e.actor == NATIONAL_FORCES:
            bear_army_consequences(world, c, seed, row, day)


@phase
def record(world: World, c: Compiled, day: int, first: int, candidates: int) -> None:
    """Totals of the day."""
    s = world.state[0]
    today = world.days[s.n_days]
    today.day = day
    today.candidates = candidates
    for row in range(first, s.n_events):
        if world.events[row].outcome == PREVENTED:
            today.prevented += 1
    for unit in range(world.un_units.shape[0]):
        u = world.un_units[unit]
        if u.task != NOT_ARRIVED:
            today.troops += u.troops
            today.tob_troops += u.at_tob
            today.resting_troops += u.resting
            today.convoy_troops += u.convoying
            today.escort_troops += u.escorting
            today.hurt_troops += u.troops - fit_today(world, c, unit, day)
            if u.extra == 1:
                today.extra_troops += u.troops
    today.mobile_troops = mobile_troops(world, c, day)
    today.flying = bases_with_air(world)
    for slot in range(world.slots.shape[0]):
        if world.slots[slot].status == OPEN:
            today.tobs += 1
            today.extra_tobs += world.slots[slot].extra
    today.risk_army = risk_today(world, c, LIABLE_ARMY, day)
    today.risk_militia = risk_today(world, c, LIABLE_MILITIA, day)
    standing_totals(world)
    today.displaced = s.displaced_people
    s.n_days += 1


@phase
def one_day(world: World, c: Compiled, seed: int, day: int) -> None:
    """The order of the day."""
    first = world.state[0].n_events
    # 1 calendar: levels of violence, arrivals, TOBs that close or open
    drift_zones(world, c, seed, day)
    receive_units(world, c, day)
    turn_tobs_over(world, c, day)
    remember_abuses(world, c, day)
    # 2 UN command, once a week: who flies, bases, escorts of civilian teams
    if day % WEEK == 0:
        fly(world, c, seed, day)
        release_escorts(world)
        assign_troops(world, c, day)
        command(world, c, seed, day)
        assign_escorts(world, c, day)
    # 3 UN movement: who is where, convoys, patrols, attacks on them
    assign_troops(world, c, day)
    supply_tobs(world, c, seed, day)
    patrol(world, c, seed, day)
    endure_attacks_on_tobs(world, c, seed, day)
    # 4 national forces
    move_national_forces(world, c, seed, day, risk_today(world, c, LIABLE_ARMY, day))
    # 5 candidate attacks, 6 thinning at the target; or what is known to have happened instead
    candidates = 0
    if is_lived(world, day):
        relive(world, day)
    else:
        candidates = find_candidates(world, c, seed, day, risk_today(world, c, LIABLE_MILITIA, day))
        for number in range(candidates):
            act(world, c, seed, day, world.candidates[number])
    # 7 consequences
    bear_all_consequences(world, c, seed, day, first)
    # 8 civil work, recruitment and return, once a week
    if day % WEEK == 0:
        settle_strengths(world, c, day)
        work_on_cases(world, c, seed, day)
        work_on_strategy(world, c, seed, day)
        count_displaced(world, c, day)
    # 9 record
    record(world, c, day, first, candidates)


@phase
def most_operations(world: World, c: Compiled) -> int:
    """Most rows that one day may bring to the operations log.

    A band's attack may break an agreement, drive services away and be answered; an army unit's may drive services
    away; a UN unit arrives, is attacked on patrol and with a convoy; a base closes, opens, is attacked and gets a
    convoy; pairs of communities agree, lapse and disarm; cases end; services return.
    """
    s = world.state[0]
    return (
        3 * world.militias.shape[0] + world.national_forces.shape[0] + 3 * world.un_units.shape[0]
        + 4 * world.slots.shape[0] + 3 * world.pairs.shape[0] + s.n_cases - s.first_open_case
        + int(c.p[0].dialogue_per_week + c.p[0].services_per_week) + 4
    )  # fmt: skip


@phase
def has_room(world: World, c: Compiled) -> bool:
    """Whether the logs can take the most rows that one day may bring."""
    s = world.state[0]
    agents = (
        world.militias.shape[0] + 2 * world.national_forces.shape[0] + 2 * world.un_units.shape[0]
        + world.slots.shape[0]
    )  # fmt: skip
    return (
        s.n_events + agents <= world.events.shape[0]
        and s.n_operations + most_operations(world, c) <= world.operations.shape[0]
        and s.n_cases + agents <= world.cases.shape[0]
        and s.n_days < world.days.shape[0]
    )


@entry
def advance(world: World, c: Compiled, seed: int, day: int, days: int) -> int:
    """Run up to `days` days from `day`; returns the next day to run.

    It returns early, at the start of a day, when a log is nearly full: the caller grows the log and calls again.
    """
    end = day + days
    while day < end and has_room(world, c):
        one_day(world, c, seed, day)
        day += 1
    return day
