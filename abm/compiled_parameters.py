"""Parameters and levers in the form that compiled code reads: one record of scalars and a few arrays.

Built fresh for every run: writes through a record would succeed in compiled code, so nothing here is shared.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.declarations import declarations
from abm.kinds import CIVILIAN_KINDS, KINDS
from abm.mapping import of_mapping
from abm.parameters import Parameters
from abm.rates import Rates
from abm.scenario import Scenario
from abm.severity import lethal_means, scale_for_mean
from abm.tables import ALLOCATIONS, Floats, Ints, Table

YEAR = 365.25
_DERIVED = (
    "raid_ratio un_present accountability_from investigations_per_week extra_reporting cooperation allocation "
    "effect_army effect_militia sanction_days sector_enlarged reuse_discount reuse_new_weight hospital_opens "
    "helicopters escort_share strategy_from dialogue_per_week disarmament_per_week services_per_week army_stays "
    "deterrence_un effective_un"
)
SCALARS = np.dtype(
    (np.record, np.dtype([(n, "f8") for n in (*declarations(Parameters), *_DERIVED.split())], align=True))
)


class Compiled(NamedTuple):
    """Arrays are indexed by faction, zone, action, community, month and kind as in :mod:`abm.rates`."""

    p: Table  # (1,) record of scalars
    candidates: Floats  # (faction, zone): background attempts per day
    action_share: Floats  # (faction, zone, action): cumulative shares of actions
    season: Floats  # (faction, month)
    log_target: Floats  # (faction, action, community)
    log_suspicion: Floats  # (community,)
    unidentified: Floats  # (zone,)
    contact: Floats  # (2, zone): jihadists, militias
    abuse: Floats  # (zone,)
    fatal_share: Floats  # (kind,)
    death_scale: Floats  # (kind,)
    lethal_mean: Floats  # (kind, cap)
    most_deaths: Ints  # (kind,)


def _log_weights(weights: object) -> Floats:
    return np.array([[math.log(max(w, 1e-6)) for w in row] for row in np.atleast_2d(np.array(weights))])


@lru_cache(maxsize=64)
def _severity(rates: Rates, tail: float, most: tuple[int, ...]) -> tuple[Floats, Floats]:
    scales, means = np.zeros(len(KINDS)), np.zeros((len(KINDS), max(most) + 1))
    for kind, (fatal, mean) in enumerate(zip(rates.fatal_share, rates.mean_deaths, strict=True)):
        scales[kind] = scale_for_mean(mean / fatal, tail, most[kind]) if fatal > 0.0 else 1.0
        means[kind, : most[kind] + 1] = lethal_means(scales[kind], tail, most[kind])
    return scales, means


def most_by_kind(q: Parameters) -> tuple[int, ...]:
    """Most deaths in one event of each kind: attacks on civilians, then clashes."""
    return tuple(q.most_deaths if kind in CIVILIAN_KINDS else q.most_clash_deaths for kind in KINDS)


def full_risk(abuses_per_year: float, prior: float, weight: float, half_life: float) -> float:
    """Perceived risk in the long run if every abuse were sanctioned."""
    remembered = abuses_per_year / YEAR * half_life / math.log(2.0)
    return (prior * weight + remembered) / (weight + remembered)


def _effect(reduction: float, abuses_per_year: float, q: Parameters) -> float:
    """Coefficient of perceived risk such that full effort lowers the hazard by `reduction`."""
    if reduction == 0.0:
        return 0.0
    return -math.log(1.0 - reduction) / full_risk(abuses_per_year, q.risk_prior, q.risk_prior_weight, q.risk_half_life)


def answered_share(p_warning: float, ready_hours: float, warning_hours: float) -> float:
    """Share of attacks beside a temporary operating base whose warning comes early enough for its troops to go."""
    return p_warning * math.exp(-ready_hours / warning_hours)


def deterrence_and_response(total: float, in_time: float, effective: float) -> tuple[float, float]:
    """Share of attacks deterred, and chance that an answer in time prevents one, beside a base fully present.

    Published effects of presence are total effects. So the answer to warnings is part of them: it prevents no more
    than `total` of the attacks at the base, and deterrence is what is left: ``(1 - deterrence) * (1 - in_time *
    effective) = 1 - total``.

    Args:
        total: share of attacks that full presence prevents in all ways together.
        in_time: share of attacks whose warning is answered in time there.
        effective: chance that troops in time prevent an attack, if the total allows it.
    """
    if in_time <= 0.0:
        return total, effective
    allowed = min(effective, total / in_time)
    return max(0.0, 1.0 - (1.0 - total) / (1.0 - in_time * allowed)), allowed


def _compile_un(p: Table, scenario: Scenario, q: Parameters) -> None:
    levers = scenario.un
    p["hospital_opens"] = math.inf if levers.hospital_opens == "never" else day_of(levers.hospital_opens)
    p["helicopters"] = float(levers.helicopters)
    p["escort_share"] = levers.escort_share
    in_time = answered_share(q.p_warning, q.response_ready_hours, q.warning_hours)
    p["deterrence_un"], p["effective_un"] = deterrence_and_response(q.delta_un, in_time, q.p_effective)


def _compile_strategy(p: Table, scenario: Scenario, q: Parameters) -> None:
    levers = scenario.strategy
    weeks = 7.0 / DAYS_PER_MONTH
    p["strategy_from"] = day_of(levers.starts)
    p["dialogue_per_week"] = levers.dialogue_missions_per_month * weeks
    p["disarmament_per_week"] = levers.disarmament_per_month * weeks
    p["services_per_week"] = levers.services_per_month * weeks
    p["army_stays"] = q.p_army_stays if levers.army_stays is None else levers.army_stays


def compile_parameters(scenario: Scenario, parameters: Parameters, abuses_per_year: tuple[float, float]) -> Compiled:
    """What the compiled day reads.

    Args:
        scenario: levers.
        parameters: numbers.
        abuses_per_year: recorded abuses of national forces and attacks on villages by self-defence militias, the
            yardstick of full effort at accountability.
    """
    q, levers = parameters, scenario.accountability
    p = np.zeros(1, SCALARS)
    for name in declarations(Parameters):
        p[name] = getattr(q, name)
    p["raid_ratio"] = math.exp(-math.log(2.0) / q.raid_half_life)
    p["un_present"] = float(scenario.un.present)
    p["accountability_from"] = day_of(levers.starts)
    p["investigations_per_week"] = levers.investigations_per_month * 7.0 / DAYS_PER_MONTH
    p["extra_reporting"] = levers.extra_reporting
    p["cooperation"] = levers.cooperation
    p["allocation"] = ALLOCATIONS.index(scenario.un.allocation)
    p["effect_army"] = _effect(q.reduction_army, abuses_per_year[0], q)
    p["effect_militia"] = _effect(q.reduction_militia, abuses_per_year[1], q)
    p["sanction_days"] = q.sanction_months * DAYS_PER_MONTH
    p["sector_enlarged"] = day_of(scenario.un.enlarged)
    _compile_un(p, scenario, q)
    _compile_strategy(p, scenario, q)
    rates = q.rates
    p["reuse_discount"], p["reuse_new_weight"] = rates.reuse_discount, rates.reuse_new_weight
    by_action, contacts = of_mapping(q)
    yearly = np.array(rates.candidates) * by_action[:, None, :]
    totals = yearly.sum(axis=2)
    shares = np.cumsum(yearly, axis=2) / np.where(totals > 0.0, totals, 1.0)[:, :, None]
    most = most_by_kind(q)
    scales, means = _severity(rates, q.tail_exponent, most)
    return Compiled(
        p=p,
        candidates=totals / YEAR,
        action_share=shares,
        season=np.array(rates.season),
        log_target=np.array([_log_weights(by_action) for by_action in rates.target_weight]),
        log_suspicion=_log_weights(rates.suspicion)[0],
        unidentified=np.array(rates.unidentified),
        contact=np.array([rates.contact_jihadists, rates.contact_militia]) * [[contacts], [1.0]],
        abuse=np.array(rates.abuse),
        fatal_share=np.array(rates.fatal_share),
        death_scale=scales.copy(),
        lethal_mean=means.copy(),
        most_deaths=np.array(most, np.int64),
    )
