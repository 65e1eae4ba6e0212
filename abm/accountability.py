"""Accountability: abuses are reported, investigated and sometimes sanctioned, and perpetrators perceive a risk.

Perceived risk is a Beta-like running share of remembered sanctions among remembered abuses, with a prior near zero:
``R = (prior * weight + sanctions) / (weight + abuses)``, both sums fading with a half-life.
"""

from __future__ import annotations

from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import LIABLE_ARMY, LIABLE_MILITIA
from abm.logbook import log_operation
from abm.presence import decayed, un_presence
from abm.randomness import CASE, uniform
from abm.tables import (
    ACQUITTED,
    INVESTIGATED,
    LAPSED,
    REPORTED,
    SANCTION,
    SANCTIONED,
    UNREPORTED,
    World,
)

LAPSE_DAYS = 365  # assumption: a report that nobody took up for a year is no longer investigated


@rule
def perceived_risk(sanctions: float, abuses: float, prior: float, weight: float) -> float:
    """Risk of sanction in 0..1 as perpetrators perceive it."""
    return (prior * weight + sanctions) / (weight + abuses)


@rule
def report_chance(base: float, gain: float, presence: float, extra: float) -> float:
    """Chance that an abuse is reported; `extra` is what human-rights teams of a scenario add."""
    return min(1.0, base + gain * presence + extra)


@phase
def risk_today(world: World, c: Compiled, liable: int, day: int) -> float:
    """Perceived risk of one kind of perpetrator today."""
    p = c.p[0]
    r = world.risk[liable]
    sanctions = decayed(r.sanctions, r.sanctions_day, day, p.risk_half_life)
    abuses = decayed(r.abuses, r.abuses_day, day, p.risk_half_life)
    return perceived_risk(sanctions, abuses, p.risk_prior, p.risk_prior_weight)


@phase
def _permanent_id(world: World, liable: int, row: int) -> int:
    """Permanent id, for draws, of a perpetrator in a row of its table."""
    if liable == LIABLE_ARMY:
        return world.national_forces[row].id
    return world.militias[row].id


@phase
def open_case(world: World, c: Compiled, seed: int, row: int, liable: int) -> None:
    """An abuse has happened: perpetrators remember it, and it may be reported."""
    p = c.p[0]
    e = world.events[row]
    day = e.day
    r = world.risk[liable]
    r.abuses = decayed(r.abuses, r.abuses_day, day, p.risk_half_life) + 1.0
    r.abuses_day = day
    number = world.state[0].n_cases
    world.state[0].n_cases += 1
    case = world.cases[number]
    case.id, case.day, case.liable, case.village, case.due = number, day, liable, e.village, -1
    extra = p.extra_reporting if day >= p.accountability_from else 0.0
    presence = un_presence(world, e.cell, day, p.patrol_effect_days, p.persistence_days)
    chance = report_chance(p.report_base, p.report_presence, presence, extra)
    # Keyed by the perpetrator and the day, like the abuse itself, so that it is the same case in every scenario.
    u = uniform(seed, CASE, _permanent_id(world, liable, e.perpetrator), day, liable)
    case.status = REPORTED if u < chance else UNREPORTED
    case.perpetrator = e.perpetrator


@phase
def _sanction(world: World, c: Compiled, seed: int, case_row: int, day: int) -> int:
    """Close a procedure: returns 1 if it ends in a sanction."""
    p = c.p[0]
    case = world.cases[case_row]
    agent = _permanent_id(world, case.liable, case.perpetrator)
    if uniform(seed, CASE, agent, case.day, 2 + case.liable) >= p.cooperation:
        case.status = ACQUITTED
        return 0
    case.status = SANCTIONED
    r = world.risk[case.liable]
    r.sanctions = decayed(r.sanctions, r.sanctions_day, day, p.risk_half_life) + 1.0
    r.sanctions_day = day
    log_operation(world, day, SANCTION, case.perpetrator, -1, case.liable)
    return 1


@phase
def work_on_cases(world: World, c: Compiled, seed: int, day: int) -> None:
    """Once a week: close procedures that are due, then take up reports as capacity allows.

    The newest reports come first, those on national forces before those on militias: an investigation is prompt or it
    is hardly made.
    """
    p = c.p[0]
    s = world.state[0]
    today = world.days[s.n_days]
    if day >= p.accountability_from:
        # As many as are wanted and find an escort. At most one investigation that nobody asked for is saved up.
        s.investigation_budget = min(s.investigation_budget, 1.0) + p.investigations_per_week * s.served_share
    for number in range(s.first_open_case, s.n_cases):
        case = world.cases[number]
        if case.status == INVESTIGATED and case.due <= day:
            today.sanctions += _sanction(world, c, seed, number, day)
        if case.status == REPORTED and day - case.day > LAPSE_DAYS:
            case.status = LAPSED
    for liable in (LIABLE_ARMY, LIABLE_MILITIA):
        for back in range(s.n_cases - s.first_open_case):
            case = world.cases[s.n_cases - 1 - back]
            if case.liable == liable and case.status == REPORTED and s.investigation_budget >= 1.0:
                case.status = INVESTIGATED
                case.due = day + int(p.sanction_days)
                s.investigation_budget -= 1.0
                today.investigations += 1
    pending = True
    for number in range(s.first_open_case, s.n_cases):
        case = world.cases[number]
        is_open = case.status == REPORTED or case.status == INVESTIGATED
        if pending and not is_open:
            s.first_open_case = number + 1
        if is_open:
            pending = False
