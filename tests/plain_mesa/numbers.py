"""What the twin reads of a scenario and of parameters, worked out from them and not from the compiled form."""

from __future__ import annotations

import math
from collections.abc import Iterable

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.kinds import ACTIONS, FACTIONS, KINDS
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.severity import lethal_means, scale_for_mean

YEAR = 365.25
WEEKS = 7.0 / DAYS_PER_MONTH  # of a month in a week
LEAST_WEIGHT = 1e-6  # the logarithm of a weight of zero


def running_sums(values: Iterable[float]) -> list[float]:
    """Cumulative sums, added one by one (Python's own `sum` compensates rounding from 3.12 on)."""
    sums, total = [], 0.0
    for value in values:
        total += value
        sums.append(total)
    return sums


def added(values: Iterable[float]) -> float:
    """The sum, added one by one."""
    return (running_sums(values) or [0.0])[-1]


def log_weight(weight: float) -> float:
    return math.log(max(weight, LEAST_WEIGHT))


def effect_of(reduction: float, abuses_per_year: float, q: Parameters) -> float:
    """Coefficient of perceived risk such that sanctioning every abuse lowers them by `reduction`."""
    if reduction == 0.0:
        return 0.0
    remembered = abuses_per_year / YEAR * q.risk_half_life / math.log(2.0)
    full = (q.risk_prior * q.risk_prior_weight + remembered) / (q.risk_prior_weight + remembered)
    return -math.log(1.0 - reduction) / full


def more_often(assumed: float, fitted: float) -> tuple[float, float]:
    """How much more often than fitted a clash is begun by the side that begins this share of them, and by the other."""
    return assumed / fitted, (1.0 - assumed) / (1.0 - fitted)


class Numbers:
    """Parameters `q` as given, and what follows from them and from the levers of a scenario."""

    def __init__(self, scenario: Scenario, q: Parameters, abuses_per_year: tuple[float, float]) -> None:
        self.q = q
        levers = scenario.accountability
        self.accountability_from = day_of(levers.starts)
        self.investigations_per_week = levers.investigations_per_month * 7.0 / DAYS_PER_MONTH
        self.extra_reporting = levers.extra_reporting
        self.cooperation = levers.cooperation
        self.sanction_days = int(q.sanction_months * DAYS_PER_MONTH)
        self.raid_ratio = math.exp(-math.log(2.0) / q.raid_half_life)
        self.effect_army = effect_of(q.reduction_army, abuses_per_year[0], q)
        self.effect_militia = effect_of(q.reduction_militia, abuses_per_year[1], q)
        self._read_un(scenario)
        self._read_strategy(scenario)
        self._read_who_begins()
        self._read_rates()

    def _read_un(self, scenario: Scenario) -> None:
        levers, q = scenario.un, self.q
        self.un_present, self.allocation = levers.present, levers.allocation
        self.sector_enlarged = day_of(levers.enlarged)
        self.hospital_opens = math.inf if levers.hospital_opens == "never" else day_of(levers.hospital_opens)
        self.helicopters = levers.helicopters
        self.escort_share = levers.escort_share
        # What presence is known to prevent, by deterrence and by the answer to warnings together.
        warned_in_time = q.p_warning * math.exp(-q.response_ready_hours / q.warning_hours)
        self.effective_un, self.deterrence_un = q.p_effective, q.delta_un
        if warned_in_time > 0.0:
            self.effective_un = min(q.p_effective, q.delta_un / warned_in_time)
            self.deterrence_un = max(0.0, 1.0 - (1.0 - q.delta_un) / (1.0 - warned_in_time * self.effective_un))

    def _read_strategy(self, scenario: Scenario) -> None:
        levers = scenario.strategy
        self.strategy_from = day_of(levers.starts)
        self.dialogue_per_week = levers.dialogue_missions_per_month * WEEKS
        self.disarmament_per_week = levers.disarmament_per_month * WEEKS
        self.services_per_week = levers.services_per_month * WEEKS
        self.army_stays = self.q.p_army_stays if levers.army_stays is None else levers.army_stays

    def _read_who_begins(self) -> None:
        """Clashes as the run assumes them over clashes as fitted: attempts by faction and action, and operations."""
        q = self.q
        ambushes, jihadists, others = q.rates.mapped_with
        ambush, self.operations = more_often(q.ambush_share, ambushes)
        by_jihadists, on_jihadists = more_often(q.jihadist_initiative, jihadists)
        by_others, by_fulani = more_often(q.militia_initiative, others)
        jihadist, militia = {"army": ambush, "militia": by_jihadists}, {"jihadists": on_jihadists, "militia": by_others}
        self.begins: dict[str, dict[str, float]] = {
            "katiba_macina": jihadist, "is_sahel": jihadist, "dogon_militia": militia, "dozo_militia": militia,
            "fulani_self_defence": {"militia": by_fulani},
        }  # fmt: skip

    def _read_rates(self) -> None:
        rates = self.q.rates
        self.season = rates.season  # [faction][month]
        self.unidentified, self.abuse = rates.unidentified, rates.abuse  # [zone]
        with_jihadists = [rate * self.operations for rate in rates.contact_jihadists]
        self.contact = {1: with_jihadists, 0: rates.contact_militia}  # [jihadist][zone]
        self.reuse_discount, self.reuse_new_weight = rates.reuse_discount, rates.reuse_new_weight
        self.log_suspicion = [log_weight(w) for w in rates.suspicion]  # [community]
        self.log_target = [[[log_weight(w) for w in ws] for ws in by_action] for by_action in rates.target_weight]
        self.candidates, self.action_share = [], []  # [faction][zone], [faction][zone][action]
        for faction, by_zone in zip(FACTIONS, rates.candidates, strict=True):
            more = [self.begins[faction].get(action, 1.0) for action in ACTIONS]
            sums = [running_sums(r * m for r, m in zip(by_action, more, strict=True)) for by_action in by_zone]
            self.candidates.append([s[-1] / YEAR for s in sums])
            self.action_share.append([[part / s[-1] if s[-1] > 0.0 else 0.0 for part in s] for s in sums])
        self.most = [self.q.most_deaths if kind.startswith("civilians") else self.q.most_clash_deaths for kind in KINDS]
        self.fatal_share, self.death_scale, self.lethal_mean = rates.fatal_share, [], []  # [kind], [kind], [kind][cap]
        for kind in range(len(KINDS)):
            fatal, tail, most = rates.fatal_share[kind], self.q.tail_exponent, self.most[kind]
            scale = scale_for_mean(rates.mean_deaths[kind] / fatal, tail, most) if fatal > 0.0 else 1.0
            self.death_scale.append(scale)
            self.lethal_mean.append(lethal_means(scale, tail, most).tolist())
