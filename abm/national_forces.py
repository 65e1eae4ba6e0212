"""National forces: patrols, operations towards places where bands were active, clashes, losses and abuse."""

from __future__ import annotations

import math

from abm.accountability import open_case
from abm.calendar import DRY
from abm.compiled import phase, rule
from abm.compiled_parameters import Compiled
from abm.kinds import (
    CIVILIANS_BY_STATE,
    LIABLE_ARMY,
    NATIONAL_FORCES,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
    STATE_V_JIHADISTS,
    STATE_V_OTHER,
)  # fmt: skip
from abm.lived import is_lived
from abm.logbook import count_deaths, new_event
from abm.militias import chance_of_any, deterred
from abm.presence import decayed, gaussian, leave_army_trace, un_presence
from abm.protection import REFERENCE_STRENGTH
from abm.randomness import (
    ARMY_ABUSE,
    ARMY_ABUSE_TARGET,
    ARMY_CONTACT,
    ARMY_TARGET,
    ARMY_TASK,
    gumbel,
    uniform,
)  # fmt: skip
from abm.recruitment import lose_fighters, recovered, strength_today
from abm.refuge import most_victims
from abm.severity import MANY_PEOPLE, deaths_cap
from abm.strategy import suffer
from abm.tables import AT_BASE, ON_OPERATION, ON_PATROL, World
from abm.villages import NOBODY, choose_near

# Draws of SEVERITY and ARMY_CONTACT: severity keyed by unit lies apart from severity keyed by band.
UNIT_SEVERITY = 10
ABUSE_SEVERITY = 12
CONTACT_BAND = 8
ANYWHERE = 1e9  # km: national forces go wherever the way allows


@rule
def task_of(u: float, patrol_rate: float, operation_rate: float, readiness: float) -> int:
    """Task of an army unit today; `readiness` is its strength as a share of its full strength."""
    if u < operation_rate * readiness:
        return ON_OPERATION
    if u < (operation_rate + patrol_rate) * readiness:
        return ON_PATROL
    return AT_BASE


@rule
def abuse_rate(
    per_operation: float, discipline: float, effect: float, risk: float, delta_un: float, un: float
) -> float:
    """Expected abuses of an operation-day under perceived risk and UN presence."""
    return max(0.0, deterred(per_operation * discipline, effect, risk) * (1.0 - delta_un * un))


@rule
def arrival_in_race(u: float, heat: float, quiet: float) -> float:
    """Time at which a place calls for commanders, when each calls at the rate of the attacks remembered there.

    The first of independent exponential times is a draw in proportion to the rates.
    """
    return -math.log(u) / (heat + quiet)


@rule
def which_of(u: float, count: int) -> int:
    """Index in 0..count-1 of a uniform draw."""
    return min(count - 1, int(u * count))


@phase
def cells_within(world: World, site: int, season: int, limit: float) -> int:
    """Number of cells within `limit` effective km of a site.

    Cells are stored nearest first by the way in the dry season, when no way is longer than in the others.
    """
    s = world.sites[site]
    n = 0
    for entry in range(s.first_reach, s.first_reach + s.n_reach):
        if world.site_km[entry, DRY] > limit:
            break
        if world.site_km[entry, season] <= limit:
            n += 1
    return n


@phase
def pick_cell(world: World, site: int, season: int, limit: float, index: int) -> int:
    """The index-th cell within `limit` of a site."""
    s = world.sites[site]
    n = 0
    for entry in range(s.first_reach, s.first_reach + s.n_reach):
        if world.site_km[entry, season] <= limit:
            if n == index:
                return world.site_cell[entry]
            n += 1
    return s.cell


@phase
def hottest_cell(
    world: World, c: Compiled, seed: int, day: int, site: int, limit: float, straight: float, process: int, agent: int
) -> int:
    """Cell within reach of a site, chosen in proportion to the attacks remembered there.

    `limit` is in effective km of the way, `straight` in km as the crow flies.
    """
    p = c.p[0]
    season = world.calendar[day].season
    s = world.sites[site]
    best, best_time = s.cell, math.inf
    for entry in range(s.first_reach, s.first_reach + s.n_reach):
        if world.site_km[entry, DRY] > limit:
            break
        if world.site_km[entry, season] > limit:
            continue
        cell = world.site_cell[entry]
        place = world.cells[cell]
        dx, dy = place.x - s.x, place.y - s.y
        if dx * dx + dy * dy > straight * straight:
            continue
        heat = decayed(place.heat, place.heat_day, day, p.heat_half_life)
        time = arrival_in_race(uniform(seed, process, agent, day, cell), heat, p.quiet_heat)
        if time < best_time:
            best, best_time = cell, time
    return best


@rule
def can_meet(distance_squared: float, contact_km: float) -> bool:
    """Whether a band is near enough to be met at all: within four standard deviations of the contact kernel."""
    return distance_squared < 16.0 * contact_km * contact_km


@phase
def band_strength_near(world: World, c: Compiled, cell: int, day: int, jihadist: int) -> float:
    """Fighters near a cell, weighted by distance, in units of the reference strength."""
    p = c.p[0]
    place = world.cells[cell]
    total = 0.0
    for band in range(world.militias.shape[0]):
        m = world.militias[band]
        if m.jihadist != jihadist or day < m.hidden_until:
            continue
        dx, dy = m.x - place.x, m.y - place.y
        if not can_meet(dx * dx + dy * dy, p.contact_km):
            continue
        near = gaussian(dx * dx + dy * dy, p.contact_km)
        total += near * strength_today(world, c, band, day) / REFERENCE_STRENGTH
    return total


@phase
def choose_band(world: World, c: Compiled, seed: int, day: int, unit: int, cell: int, jihadist: int) -> int:
    """Band that an operation meets: weighted by strength and distance."""
    p = c.p[0]
    place = world.cells[cell]
    best, best_value = NOBODY, -math.inf
    for band in range(world.militias.shape[0]):
        m = world.militias[band]
        if m.jihadist != jihadist or day < m.hidden_until:
            continue
        dx, dy = m.x - place.x, m.y - place.y
        if not can_meet(dx * dx + dy * dy, p.contact_km):
            continue
        value = -0.5 * (dx * dx + dy * dy) / (p.contact_km * p.contact_km)
        value += math.log(strength_today(world, c, band, day))
        value += gumbel(uniform(seed, ARMY_CONTACT, unit, day, CONTACT_BAND + m.id))
        if value > best_value:
            best, best_value = band, value
    return best


@phase
def _meet(world: World, c: Compiled, seed: int, day: int, unit: int, cell: int, jihadist: int) -> None:
    """A clash of an operation with a band, if there is one to meet."""
    band = choose_band(world, c, seed, day, unit, cell, jihadist)
    if band == NOBODY:
        return
    kind, action = (STATE_V_JIHADISTS, ON_JIHADISTS) if jihadist == 1 else (STATE_V_OTHER, ON_MILITIA)
    row = new_event(world, day, kind, NATIONAL_FORCES, -1, unit, action, cell)
    e = world.events[row]
    e.target = band
    cap = deaths_cap(MANY_PEOPLE, c.most_deaths[kind])
    count_deaths(world, c, seed, day, row, unit, UNIT_SEVERITY, cap)


@phase
def _abuse(world: World, c: Compiled, seed: int, day: int, unit: int, cell: int, risk: float) -> None:
    """An operation may turn on the people it moves among."""
    p = c.p[0]
    a = world.national_forces[unit]
    place = world.cells[cell]
    un = un_presence(world, cell, day, p.patrol_effect_days, p.persistence_days)
    usual = c.abuse[place.zone] * world.cercles[place.cercle].course
    rate = abuse_rate(usual, a.discipline, p.effect_army, risk, p.delta_un_abuse, un)
    if uniform(seed, ARMY_ABUSE, a.id, day, 0) >= chance_of_any(rate):
        return
    village = choose_near(world, c, seed, day, a.id, place.x, place.y, ARMY_ABUSE_TARGET)
    if village == NOBODY:
        return
    v = world.villages[village]
    row = new_event(world, day, CIVILIANS_BY_STATE, NATIONAL_FORCES, -1, unit, ON_VILLAGE, v.cell)
    e = world.events[row]
    e.village, e.community, e.x, e.y, e.cercle, e.zone = village, v.community, v.x, v.y, v.cercle, v.zone
    cap = most_victims(world, c, village, day, CIVILIANS_BY_STATE)
    count_deaths(world, c, seed, day, row, a.id, ABUSE_SEVERITY, cap)


@phase
def _operate(world: World, c: Compiled, seed: int, day: int, unit: int, risk: float) -> None:
    a = world.national_forces[unit]
    cell = a.cell
    for side in range(2):  # 0 jihadists, 1 militias
        near = band_strength_near(world, c, cell, day, 1 - side)
        rate = c.contact[side, world.cells[cell].zone] * world.cercles[world.cells[cell].cercle].course * near
        if uniform(seed, ARMY_CONTACT, a.id, day, side) < chance_of_any(rate):
            _meet(world, c, seed, day, unit, cell, 1 - side)
            break
    _abuse(world, c, seed, day, unit, cell, risk)


@phase
def move_national_forces(world: World, c: Compiled, seed: int, day: int, risk: float) -> None:
    """Patrols and operations of all army units, on the state at the start of the day."""
    p = c.p[0]
    season = world.calendar[day].season
    today = world.days[world.state[0].n_days]
    for unit in range(world.national_forces.shape[0]):
        a = world.national_forces[unit]
        strength = recovered(a.strength, a.strength_start, a.strength_day, day, p.replacement_half_life)
        u = uniform(seed, ARMY_TASK, a.id, day, 0)
        a.task = task_of(u, p.army_patrol_rate, p.army_operation_rate, strength / a.strength_start)
        a.cell = a.home
        if a.task == ON_PATROL:
            count = cells_within(world, a.site, season, p.army_patrol_km)
            if count > 0:
                index = which_of(uniform(seed, ARMY_TARGET, a.id, day, 0), count)
                a.cell = pick_cell(world, a.site, season, p.army_patrol_km, index)
            today.army_patrols += 1
        elif a.task == ON_OPERATION:
            a.cell = hottest_cell(world, c, seed, day, a.site, p.army_operation_km, ANYWHERE, ARMY_TARGET, a.id)
            today.army_operations += 1
        a.x, a.y = world.cells[a.cell].x, world.cells[a.cell].y
        if a.task != AT_BASE:
            leave_army_trace(world, a.cell, day, p.patrol_effect_days)
    if is_lived(world, day):
        return
    for unit in range(world.national_forces.shape[0]):
        if world.national_forces[unit].task == ON_OPERATION:
            _operate(world, c, seed, day, unit, risk)


@phase
def bear_army_consequences(world: World, c: Compiled, seed: int, row: int, day: int) -> None:
    """What a clash or an abuse by national forces leaves behind."""
    p = c.p[0]
    e = world.events[row]
    if e.action == ON_VILLAGE:
        suffer(world, c, row, day)
        open_case(world, c, seed, row, LIABLE_ARMY)
        return
    # The operation attacked: the band bears the larger share, and hides for a while.
    lose_fighters(world, c, e.target, p.loss_share * e.deaths, day)
    world.militias[e.target].hidden_until = day + 1 + int(p.lying_low_days)
    a = world.national_forces[e.perpetrator]
    today = recovered(a.strength, a.strength_start, a.strength_day, day, p.replacement_half_life)
    a.strength = max(1.0, today - (1.0 - p.loss_share) * e.deaths)
    a.strength_day = day
