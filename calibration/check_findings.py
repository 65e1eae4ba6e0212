"""What holds and what does not, decided from the numbers by rules: the first page of the check.

Every rule and its threshold is here. A finding fails, holds, or is open where the numbers cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from scipy import stats

from abm.kinds import KINDS
from abm.views.words import say
from calibration.check_making import AGENT, INTERCOMMUNAL, SHIPPED, VARIANT_TARGETS
from calibration.check_parts import Checked
from calibration.check_recovery import NEAR, Recovered
from calibration.check_scores import (
    ALL_AHEAD,
    Contest,
    Estimate,
    contest,
    contests,
    losses,
    mean_of,
    percent_more,
)
from calibration.forecasting import VARIABLES
from calibration.rolling import ALL_KINDS, FILTER
from calibration.sbc import VERDICT_IDENTIFIED, VERDICT_MISCALIBRATED, VERDICT_WEAKLY
from calibration.targets import TargetRow
from runs.check2020 import KIND, CheckLine
from runs.phrases import NOT_RESOLVED, interval, listed, number, percent

FAILS: Final = "fails"
OPEN: Final = "open"
HOLDS: Final = "holds"
Status = Literal["fails", "open", "holds"]
COVERED = (0.85, 0.95)  # of 90 % intervals of zones and quarters
NEAR_2020 = 0.15  # relative error of a total of 2020
CHANCE = 0.05  # below which a number of statistics outside their ranges is more than chance
OUTSIDE = 0.10  # share of statistics outside 90 % of runs by chance alone
NOT_TESTED = "totals"  # group of targets that runs of 2017-2020 are told, or that they cannot have
JUDGED = (ALL_KINDS, INTERCOMMUNAL)
MOST_NAMED = 4


@dataclass(frozen=True)
class Finding:
    """One sentence of the first page, which part of the check it comes from, and whether it speaks for the model."""

    status: Status
    part: str
    text: str


def target_label(target: str) -> str:
    """A target in plain words."""
    other = {
        ALL_KINDS: "All kinds", INTERCOMMUNAL: "Intercommunal", "jihadists_v_jihadists": "Between jihadist groups",
        "other": "Other kinds",
    }  # fmt: skip
    return say(target) if target in KINDS else other[target]


def lowered(label: str) -> str:
    """A label within a sentence."""
    return label if label.startswith("UN ") else label[0].lower() + label[1:]


def better_or_worse(difference: Estimate, than: str) -> str:
    """A difference of scores in per cent, in words: "12.0 % worse than zero (3.1 to 20.4)"; lower is better."""
    low, high = difference.low, difference.high
    head = f"{_size(difference.value)} {_side(difference.value)} than {than}"
    if difference.resolved:
        nearest, farthest = sorted((abs(low), abs(high)))
        return f"{head} ({interval((nearest, farthest), 1, signed=False)})"
    return f"{head} ({_size(low)} {_side(low)} to {_size(high)} {_side(high)}: {NOT_RESOLVED})"


def _size(value: float) -> str:
    return f"{number(abs(value), 1)} %"


def _side(value: float) -> str:
    return "worse" if value > 0.0 else "better"


@lru_cache(maxsize=1)
def agent_contests(checked: Checked) -> tuple[Contest, ...]:
    """The agent model against all others, in every group."""
    return tuple(contests(checked.forecasts, AGENT))


def findings(checked: Checked) -> list[Finding]:
    """All findings; what fails first, then what is open, then what holds."""
    found = [
        *of_forecasts(agent_contests(checked)),
        *of_filter(checked),
        *of_coverage(checked),
        *of_targets(checked.predicted.rows),
        *of_2020(checked.year.of(KIND, "events"), checked.year.of(KIND, "deaths")),
        *of_recovery(checked.recovery.of(NEAR), len(checked.recovery.misfit)),
        *of_variants(checked),
        *of_natural(checked),
    ]
    order = (FAILS, OPEN, HOLDS)
    return sorted(found, key=lambda finding: order.index(finding.status))


# --- forecasts ------------------------------------------------------------------------------------------------------


def of_forecasts(all_contests: Sequence[Contest]) -> list[Finding]:
    """How often the agent model is beaten, in all and on the headline numbers."""
    by_crps = [one for one in all_contests if one.score == "crps"]
    lost = losses(by_crps)
    found = [_lost(by_crps, lost)]
    for one in by_crps:
        if one.target in JUDGED and one.ahead == ALL_AHEAD:
            found.append(_headline(one))
    return found


def _lost(all_contests: Sequence[Contest], lost: Sequence[Contest]) -> Finding:
    places = f"{len(all_contests)} groups of target, variable and months ahead"
    if not lost:
        return Finding(HOLDS, "Forecasts", f"In none of {places} has any other forecaster a lower CRPS.")
    clear = sum(one.resolved for one in lost)
    worst = lost[0]
    return Finding(
        FAILS, "Forecasts",
        f"In {len(lost)} of {places} another forecaster has a lower CRPS, in {clear} of them beyond the interval of "
        f"the difference. Worst: {_place(worst)}, {better_or_worse(worst.difference, worst.best)}.",
    )  # fmt: skip


def _place(one: Contest) -> str:
    return f"{lowered(target_label(one.target))}, {one.variable}, {one.ahead} months ahead"


def _headline(one: Contest) -> Finding:
    """The agent model against the best of all others, all months ahead together."""
    where = f"{target_label(one.target)}, {one.variable}"
    text = f"{where}: CRPS {better_or_worse(one.difference, f'{one.best}, the best other')}."
    if not one.resolved:
        return Finding(OPEN, "Forecasts", text)
    return Finding(FAILS if one.lost else HOLDS, "Forecasts", text)


def of_filter(checked: Checked) -> list[Finding]:
    """What agents add to the filter that gives them their levels, where it is not the best other anyway."""
    found = []
    for target in JUDGED:
        for variable in VARIABLES:
            if contest(target, checked.forecasts[target], AGENT, variable, ALL_AHEAD, "crps").best == FILTER:
                continue
            pair = {name: checked.forecasts[target][name] for name in (AGENT, FILTER)}
            difference = contest(target, pair, AGENT, variable, ALL_AHEAD, "crps").difference
            side: Status = OPEN if not difference.resolved else FAILS if difference.value > 0 else HOLDS
            against = better_or_worse(difference, "the filter without agents")
            text = f"{target_label(target)}, {variable}: CRPS {against}."
            found.append(Finding(side, "Agents against the filter", text))
    return found


def coverage(checked: Checked, target: str, variable: str) -> Estimate:
    """Share of zones and quarters that the agent model's 90 % intervals held."""
    return mean_of(checked.forecasts[target][AGENT].zone_quarters.values("covered", variable))


def of_coverage(checked: Checked) -> list[Finding]:
    """Whether 90 % intervals of zones and quarters hold about 90 % of what happened."""
    found = []
    for target in JUDGED:
        for variable in VARIABLES:
            held = coverage(checked, target, variable)
            right = COVERED[0] <= held.value <= COVERED[1]
            side = "" if right else ", too few" if held.value < COVERED[0] else ", too many: the intervals are too wide"
            text = (
                f"{target_label(target)}, {variable}: 90 % intervals held {percent(held.value)} "
                f"({interval((100 * held.low, 100 * held.high), 0, False)}) of zones and quarters{side}."
            )
            found.append(Finding(HOLDS if right else FAILS, "Coverage", text))
    return found


# --- records --------------------------------------------------------------------------------------------------------


def tested(rows: Sequence[TargetRow]) -> list[TargetRow]:
    """Targets that runs of 2017-2020 are neither told nor cannot have, and that are numbers; the worst first."""
    return [row for row in rows if row.group != NOT_TESTED and row.observed == row.observed and row.low == row.low]


def more_than_chance(outside: int, among: int) -> bool:
    """Whether so many of independent statistics would be outside 90 % of runs less than once in twenty times."""
    return bool(outside > 0 and stats.binom.sf(outside - 1, among, OUTSIDE) < CHANCE)


def of_targets(rows: Sequence[TargetRow]) -> list[Finding]:
    """By group of statistics: how many of the record's lie outside 90 % of runs."""
    found = []
    judged = tested(rows)
    for group in dict.fromkeys(row.group for row in judged):
        members = [row for row in judged if row.group == group]
        outside = [row for row in members if not row.inside]
        fails = more_than_chance(len(outside), len(members))
        named = f": {listed([row.label for row in outside[:MOST_NAMED]])}" if outside else ""
        more = f", and {len(outside) - MOST_NAMED} more" if len(outside) > MOST_NAMED else ""
        text = (
            f"{group.replace('_', ' ').capitalize()}: {len(outside)} of {len(members)} recorded statistics outside "
            f"90 % of simulated records{named}{more}."
        )
        found.append(Finding(FAILS if fails else HOLDS, "Simulated records", text))
    return found


def of_2020(events: Sequence[CheckLine], deaths: Sequence[CheckLine]) -> list[Finding]:
    """Whether totals of the year that rates are fitted to come out right."""
    far = [line for line in events if abs(line.relative) > NEAR_2020]
    outside = [line for line in deaths if not line.inside]
    near = f"within {percent(NEAR_2020)} of the record"
    off = listed([f"{say(line.name)} ({percent(line.relative, 0, signed=True)})" for line in far])
    dead = listed([f"{say(line.name)} ({number(line.error, 0, signed=True)})" for line in outside])
    return [
        Finding(FAILS, "2020", f"Mean events by kind not {near}, {len(far)} of {len(events)}: {off}.")
        if far
        else Finding(HOLDS, "2020", f"Mean events of all {len(events)} kinds are {near}."),
        Finding(FAILS, "2020", f"Recorded deaths outside 90 % of runs, {len(outside)} of {len(deaths)} kinds: {dead}.")
        if outside
        else Finding(HOLDS, "2020", f"Recorded deaths of all {len(deaths)} kinds lie inside 90 % of runs."),
    ]


def of_recovery(near: Sequence[Recovered], outside: int) -> list[Finding]:
    """Which parameters the record can tell, and whether the record is one that the model could give."""
    found = []
    told = [row.parameter for row in near if row.verdict in (VERDICT_IDENTIFIED, VERDICT_WEAKLY)]
    wrong = [row.parameter for row in near if row.verdict == VERDICT_MISCALIBRATED]
    silent = [row.parameter for row in near if row.parameter not in (*told, *wrong)]
    part = "Recovery"
    if wrong:
        found.append(Finding(FAILS, part, f"Posteriors miss the truth where it is known: {listed(wrong)}."))
    if silent:
        found.append(Finding(FAILS, part, f"The record does not tell, kept on the prior: {listed(silent)}."))
    if told:
        found.append(Finding(HOLDS, part, f"Recovered near the record, at least weakly: {listed(told)}."))
    if outside:
        text = f"Recorded statistics, or combinations of them, outside 99 % of all simulations: {outside}."
        found.append(Finding(FAILS, part, text))
    else:
        found.append(Finding(HOLDS, part, "No recorded statistic lies outside 99 % of all simulations."))
    return found


# --- variants and experiments ---------------------------------------------------------------------------------------


def variant_difference(checked: Checked, name: str, target: str, variable: str) -> Estimate:
    """How much larger the CRPS of a variant is than that of the model as shipped, in per cent."""
    scores = [checked.variants[which][target].values("crps", variable) for which in (name, SHIPPED)]
    return percent_more(*scores)


def of_variants(checked: Checked) -> list[Finding]:
    """Whether a model built otherwise forecasts better."""
    found = []
    for name in checked.variants:
        if name == SHIPPED:
            continue
        differences = {
            f"{lowered(target_label(target))}, {variable}": variant_difference(checked, name, target, variable)
            for target in VARIANT_TARGETS
            for variable in VARIABLES
        }
        clear = {where: difference for where, difference in differences.items() if difference.resolved}
        better = [f"{where} by {_by(d)}" for where, d in clear.items() if d.value < 0]
        worse = [f"{where} by {_by(d)}" for where, d in clear.items() if d.value > 0]
        if better:
            found.append(Finding(FAILS, "Variants", f"“{name}” forecasts better than the model: {listed(better)}."))
        elif worse:
            found.append(Finding(HOLDS, "Variants", f"“{name}” forecasts worse than the model: {listed(worse)}."))
        else:
            text = f"“{name}” cannot be told from the model by its forecasts."
            found.append(Finding(OPEN, "Variants", text))
    return found


def _by(difference: Estimate) -> str:
    """A resolved difference without its side."""
    nearest, farthest = sorted((abs(difference.low), abs(difference.high)))
    return f"{_size(difference.value)} ({interval((nearest, farthest), 1, signed=False)})"


def of_natural(checked: Checked) -> list[Finding]:
    """How many published effects the model has in common with what was measured."""
    lines = checked.natural.lines
    agree = sum(line.agrees for line in lines)
    text = f"The model's interval overlaps the published one in {agree} of {len(lines)} effects, none of them fitted."
    return [Finding(HOLDS if agree == len(lines) else FAILS, "Natural experiments", text)]
