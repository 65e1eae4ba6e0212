"""Bands of armed groups: when they try an attack, of what kind, and what follows.

Candidate attacks form a marked branching process. A band's background rate is a share of its faction's rate in its
zone; every realised attack adds to the rate of bands near it for some days (raid series). Presence prevents some
candidates; only realised attacks have offspring.
"""

from __future__ import annotations

import math

from abm.accountability import open_case
from abm.clashes import nearest_opposed
from abm.communities import agreement_factor, bear_on_communities, grievance_factor
from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import (
    BAND,
    CIVILIANS_BY_DOGON_DOZO,
    CIVILIANS_BY_FULANI,
    CIVILIANS_BY_JIHADISTS,
    CIVILIANS_BY_UNIDENTIFIED,
    FULANI,
    JIHADISTS_V_MILITIA,
    LIABLE_MILITIA,
    MILITIA_V_MILITIA,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
    PREVENTED,
    REALISED_ELSEWHERE,
    STATE_V_JIHADISTS,
)  # fmt: skip
from abm.logbook import new_event, put_at_army_unit, put_at_village
from abm.presence import army_presence, decayed, gaussian, un_presence
from abm.protection import unprotected_chance
from abm.randomness import (
    BAND_CANDIDATE,
    BAND_MARK,
    BAND_RETRY_TARGET,
    BAND_TARGET,
    LABEL,
    SEVERITY,
    THINNING,
    WARNING,
    gumbel,
    uniform,
)  # fmt: skip
from abm.recruitment import lose_fighters, recovered, recruits_of, strength_on, strength_today
from abm.refuge import most_victims
from abm.severity import MANY_PEOPLE, deaths, deaths_cap
from abm.strategy import suffer
from abm.tables import World
from abm.un_response import MEAN_SOFT, SOFT, answer_warning, mean_of_both, softened
from abm.villages import NOBODY, choose_village, remember_attack, way

RAID_MEMORY = 12.0  # half-lives after which an attack has no more offspring
ARMY_DRAW = 1 << 24  # draws for army units lie above those for villages


@rule
def background(per_day: float, level: float, season: float, weight: float, growth: float) -> float:
    """Background candidates per day of one band.

    `per_day` is the rate of its faction in its zone, `level` this month's multiple of it at home, `weight` its frozen
    share of that rate, `growth` the change of its own strength since the start, raised to the strength exponent.
    """
    return per_day * level * season * weight * growth


@rule
def growth(strength: float, strength_start: float, exponent: float) -> float:
    """Change of a band's rate through its change of strength."""
    return math.pow(strength / strength_start, exponent)


@rule
def deterred(rate: float, effect: float, perceived_risk: float) -> float:
    """Rate of an actor who perceives a risk of sanction."""
    return rate * math.exp(-effect * perceived_risk)


@rule
def chance_of_any(rate: float) -> float:
    """Probability of at least one event of a Poisson process with this mean."""
    return -math.expm1(-rate)


@rule
def offspring_mass(n: float, ratio: float) -> float:
    """Excitation left on the day of an attack so that later days' decayed values add up to `n`.

    The value decays by `ratio` a day and is felt from the next day on: sum over k >= 1 of mass * ratio**k = n.
    """
    return n * (1.0 - ratio) / ratio


@rule
def un_factor(un: float, deterrence: float) -> float:
    """Chance that a candidate attack is not deterred by the UN presence at its target."""
    return 1.0 - deterrence * un


@rule
def army_factor(army: float, delta_army: float) -> float:
    """Chance that a candidate attack would stand if the UN had no effect."""
    return 1.0 - delta_army * army


@rule
def recorded_kind(faction: int, jihadist: int, action: int, u_label: float, unidentified: float) -> int:
    """Kind under which an action of a band is recorded."""
    if action == ON_ARMY:
        return STATE_V_JIHADISTS
    if action == ON_JIHADISTS:
        return JIHADISTS_V_MILITIA
    if action == ON_MILITIA:
        return JIHADISTS_V_MILITIA if jihadist == 1 else MILITIA_V_MILITIA
    if u_label < unidentified:
        return CIVILIANS_BY_UNIDENTIFIED
    if jihadist == 1:
        return CIVILIANS_BY_JIHADISTS
    return CIVILIANS_BY_FULANI if faction == FULANI else CIVILIANS_BY_DOGON_DOZO


@rule
def pull(near: float, weight: float, per_day: float) -> float:
    """How much of an attack's offspring a band draws: nearness times its own usual rate of attacks."""
    return near * weight * per_day


@phase
def background_today(world: World, c: Compiled, band: int, day: int) -> float:
    """Background candidates of a band today, before deterrence by accountability."""
    p = c.p[0]
    m = world.militias[band]
    rate = background(
        c.candidates[m.faction, m.zone], world.cercles[m.cercle].level, c.season[m.faction, world.calendar[day].month],
        m.weight, growth(strength_today(world, c, band, day), m.strength_start, p.strength_exponent),
    )  # fmt: skip
    if p.slow_grievance != 0.0:
        rate *= grievance_factor(world, c, band, day)
    return rate


@phase
def find_candidates(world: World, c: Compiled, seed: int, day: int, risk_militia: float) -> int:
    """Write the rows of bands that try an attack today to `world.candidates`; returns how many.

    Every band passes here every day, and a call that hands the whole world over costs more than all that it computes:
    so this loop calls rules only, and states once more what :func:`background_today` states.
    """
    p = c.p[0]
    n = 0
    month = world.calendar[day].month
    for band in range(world.militias.shape[0]):
        m = world.militias[band]
        if day < m.hidden_until:
            continue
        home = world.cercles[m.cercle]
        strength = strength_on(
            m.strength, m.strength_day, m.strength_start, recruits_of(m.jihadist, m.aligned, home.recruits),
            home.services, m.disarmed, day, p.replacement_half_life,
        )  # fmt: skip
        rate = background(
            c.candidates[m.faction, m.zone], home.level, c.season[m.faction, month], m.weight,
            growth(strength, m.strength_start, p.strength_exponent),
        )  # fmt: skip
        if p.slow_grievance != 0.0:
            rate *= grievance_factor(world, c, band, day)
        rate += decayed(m.excitation, m.excitation_day, day, p.raid_half_life)
        if m.jihadist == 0 and m.aligned == 0:
            rate = deterred(rate, p.effect_militia, risk_militia)
        if uniform(seed, BAND_CANDIDATE, m.id, day, 0) < chance_of_any(rate):
            world.candidates[n] = band
            n += 1
    return n


@phase
def _contribution(world: World, c: Compiled, band: int, event: int, day: int) -> float:
    """Excitation that a band feels today from one event of the log."""
    p = c.p[0]
    m = world.militias[band]
    e = world.events[event]
    same = m.faction == e.faction
    total = e.kernel_same if same else e.kernel_cross
    if total <= 0.0:
        return 0.0
    n = p.n_same if same else p.n_cross
    dx, dy = m.x - e.x, m.y - e.y
    share = pull(gaussian(dx * dx + dy * dy, p.raid_km), m.weight, c.candidates[m.faction, m.zone]) / total
    return decayed(offspring_mass(n, p.raid_ratio) * share, e.day, day, p.raid_half_life)


@phase
def choose_parent(world: World, c: Compiled, seed: int, day: int, band: int) -> int:
    """Row of the event that a candidate of a raid series continues, or -1 for a background candidate."""
    p = c.p[0]
    m = world.militias[band]
    excitation = decayed(m.excitation, m.excitation_day, day, p.raid_half_life)
    total = background_today(world, c, band, day) + excitation
    u = uniform(seed, BAND_MARK, m.id, day, 0) * total
    if u >= excitation:
        return -1
    event = world.state[0].n_events - 1
    while event >= 0 and day - world.events[event].day <= RAID_MEMORY * p.raid_half_life:
        e = world.events[event]
        if e.actor == BAND and e.outcome != PREVENTED and e.day < day:
            u -= _contribution(world, c, band, event, day)
            if u < 0.0:
                return event
        event -= 1
    return -1


@phase
def choose_action(c: Compiled, u: float, faction: int, zone: int) -> int:
    """Kind of action of a candidate: village, militia, jihadists or army."""
    for action in range(ON_ARMY):
        if u < c.action_share[faction, zone, action]:
            return action
    return ON_ARMY


@phase
def choose_army_unit(world: World, c: Compiled, seed: int, day: int, band: int) -> int:
    """Army unit that a band ambushes: logit on the way, straight and off the roads, to where units are today."""
    p = c.p[0]
    m = world.militias[band]
    best, best_value = NOBODY, -math.inf
    for unit in range(world.national_forces.shape[0]):
        a = world.national_forces[unit]
        dx, dy = a.x - m.x, a.y - m.y
        value = way(math.sqrt(dx * dx + dy * dy) * p.friction_offroad, p.travel_scale)
        value += gumbel(uniform(seed, BAND_TARGET, m.id, day, ARMY_DRAW + a.id))
        if value > best_value:
            best, best_value = unit, value
    return best


@phase
def _stands_without_un(world: World, c: Compiled, day: int, band: int, action: int, village: int) -> float:
    """Chance that a candidate at a village would stand if the UN had no effect.

    National forces, agreements, and, where villagers are the target, the village's own militia may hold it back.
    """
    p = c.p[0]
    army = army_presence(world, world.villages[village].cell, day, p.patrol_effect_days)
    chance = army_factor(army, p.delta_army) * agreement_factor(world, c, band, village, action)
    if action == ON_VILLAGE:
        chance *= unprotected_chance(world, c, band, village, day)
    return chance


@phase
def _try_elsewhere(world: World, c: Compiled, seed: int, day: int, band: int, row: int) -> None:
    """What the UN deterred may be tried once more, where it is absent."""
    p = c.p[0]
    e = world.events[row]
    m = world.militias[band]
    if uniform(seed, THINNING, m.id, day, 1) >= p.displacement_share:
        return
    village = choose_village(world, c, seed, day, band, e.action, e.parent, BAND_RETRY_TARGET, 1)
    if village == NOBODY:
        return
    if uniform(seed, THINNING, m.id, day, 2) < _stands_without_un(world, c, day, band, e.action, village):
        e.outcome = REALISED_ELSEWHERE
        e.elsewhere_from = e.village
        put_at_village(world, row, village)


@phase
def _thin(world: World, c: Compiled, seed: int, day: int, band: int, row: int) -> None:
    """Whether a candidate at a village stands, falls, is averted on a warning, or is tried once more elsewhere."""
    p = c.p[0]
    e = world.events[row]
    m = world.militias[band]
    un = un_presence(world, e.cell, day, p.patrol_effect_days, p.persistence_days)
    without_un = _stands_without_un(world, c, day, band, e.action, e.village)
    # Nobody is warned of clashes: there deterrence is all of the published effect.
    e.stands = un_factor(un, p.deterrence_un if e.action == ON_VILLAGE else p.delta_un) * without_un
    u = uniform(seed, THINNING, m.id, day, 0)
    falls = u >= e.stands
    if falls:
        e.outcome = PREVENTED
    if e.action == ON_VILLAGE:
        answer_warning(world, c, seed, day, band, row)
    # Only what the UN deters is displaced: what national forces and agreements prevent is part of the fitted level, or
    # of a peace that holds elsewhere too.
    if falls and u < without_un:
        _try_elsewhere(world, c, seed, day, band, row)


@phase
def _count_the_dead(world: World, c: Compiled, seed: int, day: int, band: int, row: int) -> None:
    p = c.p[0]
    e = world.events[row]
    m = world.militias[band]
    u_label = uniform(seed, LABEL, m.id, day, 0)
    e.kind = recorded_kind(m.faction, m.jihadist, e.action, u_label, c.unidentified[e.zone])
    cap = deaths_cap(MANY_PEOPLE, c.most_deaths[e.kind])
    if e.action == ON_VILLAGE:
        cap = most_victims(world, c, e.village, day, e.kind)
    e.mean_deaths = c.fatal_share[e.kind] * c.lethal_mean[e.kind, cap]
    if e.outcome == REALISED_ELSEWHERE:
        cap_there = cap if e.action != ON_VILLAGE else most_victims(world, c, e.elsewhere_from, day, e.kind)
        first = c.fatal_share[e.kind] * c.lethal_mean[e.kind, cap_there] * world.answers[MEAN_SOFT]
        e.mean_deaths = mean_of_both(e.stands, first, e.mean_deaths)
    else:
        e.mean_deaths *= world.answers[MEAN_SOFT]
    if e.outcome != PREVENTED:
        e.deaths = deaths(
            uniform(seed, SEVERITY, m.id, day, 0), uniform(seed, SEVERITY, m.id, day, 1), c.fatal_share[e.kind],
            c.death_scale[e.kind], p.tail_exponent, cap,
        )  # fmt: skip
        e.deaths = softened(e.deaths, world.answers[SOFT], uniform(seed, WARNING, m.id, day, 5))


@phase
def act(world: World, c: Compiled, seed: int, day: int, band: int) -> None:
    """One candidate attack: kind, place, thinning and severity, written as a row of the event log."""
    m = world.militias[band]
    parent = choose_parent(world, c, seed, day, band)
    action = choose_action(c, uniform(seed, BAND_MARK, m.id, day, 1), m.faction, m.zone)
    if action == ON_ARMY:
        target = choose_army_unit(world, c, seed, day, band)
    else:
        target = choose_village(world, c, seed, day, band, action, parent, BAND_TARGET, 0)
    if target == NOBODY:
        return
    row = new_event(world, day, STATE_V_JIHADISTS, BAND, m.faction, band, action, m.cell)
    world.answers[MEAN_SOFT], world.answers[SOFT] = 1.0, 1.0
    e = world.events[row]
    e.parent = parent
    if parent >= 0:
        e.generation = world.events[parent].generation + 1
    if action == ON_ARMY:
        e.target = target
        put_at_army_unit(world, row, target)
    else:
        put_at_village(world, row, target)
        _thin(world, c, seed, day, band, row)
        if action != ON_VILLAGE:
            e.target = nearest_opposed(world, band, action, e.x, e.y)
    _count_the_dead(world, c, seed, day, band, row)


@phase
def excite(world: World, c: Compiled, row: int, day: int) -> None:
    """A realised attack raises the rates of bands near it: raid series, and contagion across factions."""
    p = c.p[0]
    e = world.events[row]
    same, cross = 0.0, 0.0
    for band in range(world.militias.shape[0]):
        m = world.militias[band]
        dx, dy = m.x - e.x, m.y - e.y
        weighted = pull(gaussian(dx * dx + dy * dy, p.raid_km), m.weight, c.candidates[m.faction, m.zone])
        if m.faction == e.faction:
            same += weighted
        else:
            cross += weighted
    e.kernel_same, e.kernel_cross = same, cross
    for band in range(world.militias.shape[0]):
        jump = _contribution(world, c, band, row, day)
        if jump > 0.0:
            m = world.militias[band]
            m.excitation = decayed(m.excitation, m.excitation_day, day, p.raid_half_life) + jump
            m.excitation_day = day


@phase
def bear_consequences(world: World, c: Compiled, seed: int, row: int, day: int) -> None:
    """What a realised action of a band leaves behind."""
    p = c.p[0]
    e = world.events[row]
    if e.action == ON_VILLAGE:
        suffer(world, c, row, day)
    remember_attack(world, c, e.village, e.cell, day)
    excite(world, c, row, day)
    if e.village >= 0:
        bear_on_communities(world, c, seed, row, day)
    if e.action == ON_VILLAGE:
        m = world.militias[e.perpetrator]
        if m.jihadist == 0 and m.aligned == 0:
            open_case(world, c, seed, row, LIABLE_MILITIA)
        return
    lose_fighters(world, c, e.perpetrator, (1.0 - p.loss_share) * e.deaths, day)
    if e.action == ON_ARMY:
        a = world.national_forces[e.target]
        today = recovered(a.strength, a.strength_start, a.strength_day, day, p.replacement_half_life)
        a.strength = max(1.0, today - p.loss_share * e.deaths)
        a.strength_day = day
    elif e.target >= 0:
        lose_fighters(world, c, e.target, p.loss_share * e.deaths, day)
