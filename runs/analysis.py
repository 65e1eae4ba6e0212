"""From the runs of a comparison to its findings: differences, interactions, costs and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from abm.calendar import date_of
from abm.declarations import Declaration, declarations
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.views.effects import Effect
from runs.compare import NEVER, Comparison
from runs.design import after_clock, arm_label, since_start, window_label
from runs.outcomes import MEASURES
from runs.phrases import identical
from runs.statistics import (
    WHOLE_LINE,
    Interaction,
    Interval,
    Pairing,
    RatioSet,
    Spread,
    Summary,
    acceptability,
    effect_interval,
    interaction,
    pairing,
    quantiles,
    shrunk_draw_means,
    spread,
    summarise,
)

Floats = NDArray[np.float64]

HEADLINES = (
    "civilian_attacks", "expected_civilian_attacks", "civilian_deaths", "expected_civilian_deaths",
    "intercommunal_events", "intercommunal_deaths", "abuses",
)  # fmt: skip
CHARTED = ("civilian_attacks", "expected_civilian_deaths", "intercommunal_events", "abuses")
DEATHS_OF_COST = ("civilian_deaths", "expected_civilian_deaths")
# Sums in US$ that averting one death might be worth, for the acceptability curve: no judgement, only a range.
WORTH = (100_000.0, 300_000.0, 1_000_000.0, 3_000_000.0, 10_000_000.0, 30_000_000.0, 100_000_000.0)

# Groups of parameters that the effect of a lever works through.
GROUPS_OF_PACKAGE = ("attacks", "presence", "UN operations", "deployment", "severity")
GROUPS_OF_ACCOUNTABILITY = ("attacks", "national forces", "accountability", "severity")


@dataclass(frozen=True)
class Difference:
    """One treated arm against the control: one outcome in one window."""

    arm: str
    window: str
    key: str
    treated: float
    summary: Summary
    pairing: Pairing


def difference(comparison: Comparison, arm: str, window: str, key: str) -> Difference:
    """Paired difference of an outcome."""
    treated, control = comparison.pair(arm, window, key)
    return Difference(arm, window, key, float(treated.mean()), summarise(treated, control), pairing(treated, control))


def all_differences(comparison: Comparison) -> list[Difference]:
    """Every treated arm, window and outcome."""
    arms = [arm.name for arm in comparison.design.treated]
    return [difference(comparison, a, w, k) for a in arms for w in comparison.windows for k in MEASURES]


def effects(comparison: Comparison, months: int, keys: Sequence[str] = CHARTED) -> list[Effect]:
    """Lines of the comparison chart: a group an outcome, a line an arm."""
    window = after_clock(months)
    lines = []
    for key in keys:
        for arm in comparison.design.treated:
            found = difference(comparison, arm.name, window, key).summary
            lines.append(
                Effect(
                    label=arm_label(arm.name),
                    group=f"{MEASURES[key].label.capitalize()}, {window_label(window)}",
                    estimate=found.spread.estimate,
                    low=found.effect[0],
                    high=found.effect[1],
                    low_future=found.future[0],
                    high_future=found.future[1],
                    resolved=found.resolved or identical(found),
                    unit=MEASURES[key].unit,
                )
            )
    return lines


@dataclass(frozen=True)
class InteractionFound:
    """Interaction of the package and accountability for one outcome in one window."""

    window: str
    key: str
    found: Interaction


def interactions(comparison: Comparison, keys: Sequence[str] = HEADLINES) -> list[InteractionFound]:
    """Interactions in the windows from clock zero; none where the arms hold no 2 × 2 design."""
    factorial = comparison.design.factorial
    if factorial is None:
        return []
    values, control = comparison.values, comparison.design.control.name
    found = []
    for window in (after_clock(months) for months in comparison.design.months):
        for key in keys:
            neither, both = values[control, window, key], values[factorial.both, window, key]
            first, second = values[factorial.package, window, key], values[factorial.accountability, window, key]
            found.append(InteractionFound(window, key, interaction(neither, first, second, both)))
    return found


@dataclass(frozen=True)
class CostFound:
    """Extra cost, deaths averted and their ratio for one arm, from the first day of the run.

    Costs count from the first day, not from clock zero: units cost money before the first base opens. ``cost`` and
    ``averted`` are means over draws with their spread; ``ratio`` is in US$ per death averted and follows from
    ``cost_effect`` and the interval of deaths averted alone.
    """

    arm: str
    window: str
    key: str
    cost: Spread
    cost_effect: Interval
    averted: Summary
    ratio: RatioSet
    worth: tuple[float, ...]
    acceptable: tuple[float, ...]


def costs(comparison: Comparison) -> list[CostFound]:
    """Cost per death averted of every arm that brings extra people, in every window from the start."""
    found = []
    for arm in comparison.design.treated:
        for months in comparison.design.months:
            window = since_start(months)
            treated, control = comparison.pair(arm.name, window, "extra_cost")
            if not (treated - control).any():
                continue
            for key in DEATHS_OF_COST:
                found.append(_cost(comparison, arm.name, window, key, treated - control))
    return found


def _cost(comparison: Comparison, arm: str, window: str, key: str, cost: Floats) -> CostFound:
    treated, control = comparison.pair(arm, window, key)
    averted = control - treated
    saved = summarise(control, treated)
    error = saved.spread.monte_carlo_se
    shares = acceptability(cost.mean(axis=1), shrunk_draw_means(averted), np.array(WORTH), error)
    paid = effect_interval(cost)
    return CostFound(
        arm,
        window,
        key,
        spread(cost),
        paid,
        saved,
        RatioSet(_quotient(float(cost.mean()), saved.spread.estimate), quotients(paid, saved.effect)),
        WORTH,
        tuple(float(share) for share in shares),
    )


def _quotient(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator != 0.0 else math.nan


def quotients(numerators: Interval, denominators: Interval) -> tuple[Interval, ...]:
    """All that a number of the first interval divided by one of the second may be: the branches of a ratio set.

    Taken from the intervals that are shown, so that cost per death cannot look surer than the deaths averted: where
    those may be zero there is no upper end. No branch where nothing can be averted or added.
    """
    (low, high), (least, most) = numerators, denominators
    if least > 0.0 or most < 0.0:
        ends = [n / d for n in numerators for d in denominators]
        return ((min(ends), max(ends)),)
    if least == most:
        return ()
    if low <= 0.0 <= high:
        return WHOLE_LINE
    nearest, sign = (low, 1.0) if low > 0.0 else (high, -1.0)
    below, above = (least, most) if sign > 0.0 else (most, least)
    found: list[Interval] = []
    if below != 0.0:
        found.append((-math.inf, nearest / below))
    if above != 0.0:
        found.append((nearest / above, math.inf))
    return tuple(found)


@dataclass(frozen=True)
class ClockFound:
    """When the first extra base opens, over runs: how many runs it opens in, and 5 %, 50 % and 95 % dates of those."""

    runs: int
    opened: int
    dates: tuple[date, date, date] | None


def clock(comparison: Comparison) -> ClockFound:
    """Clock zero over all runs."""
    days = comparison.clock.ravel()
    known = days[days != NEVER]
    if known.size == 0:
        return ClockFound(days.size, 0, None)
    low, middle, high = (date_of(int(day)) for day in np.quantile(known, [0.05, 0.5, 0.95], method="nearest"))
    return ClockFound(days.size, known.size, (low, middle, high))


@dataclass(frozen=True)
class CoursePoint:
    """Mean and 90 % range over runs of a monthly mean."""

    arm: str
    month: date
    column: str
    mean: float
    low: float
    high: float


def timeline(comparison: Comparison) -> list[CoursePoint]:
    """What arrived when: monthly troops and TOBs by arm, over all runs."""
    months = [m.astype("datetime64[D]").item() for m in comparison.months]
    points = []
    for (arm, column), values in comparison.courses.items():
        runs = values.reshape(-1, len(months))
        for number, month in enumerate(months):
            low, high = quantiles(runs[:, number])
            points.append(CoursePoint(arm, month, column, float(runs[:, number].mean()), low, high))
    return points


@dataclass(frozen=True)
class RestsOn:
    """What the conclusion about an arm rests on: names of parameters by status, in the groups it works through."""

    arm: str
    groups: tuple[str, ...]
    by_status: dict[str, tuple[str, ...]]


def groups_of(arm: Scenario, control: Scenario) -> tuple[str, ...]:
    """Groups of parameters that an arm's difference from the control works through."""
    groups: list[str] = []
    if arm.package != control.package or arm.un != control.un:
        groups += GROUPS_OF_PACKAGE
    if arm.accountability != control.accountability:
        groups += GROUPS_OF_ACCOUNTABILITY
    return tuple(dict.fromkeys(groups))


def rests_on(comparison: Comparison) -> list[RestsOn]:
    """For each treated arm, which calibrated, literature and assumed parameters its effect works through."""
    known = declarations(Parameters)
    found = []
    for arm in comparison.design.treated:
        groups = groups_of(arm, comparison.design.control)
        members = [d for d in known.values() if d.group in groups]
        statuses = sorted({d.status for d in members})
        by_status = {s: tuple(d.name for d in members if d.status == s) for s in statuses}
        found.append(RestsOn(arm.name, groups, by_status))
    return found


@dataclass(frozen=True)
class Input:
    """A parameter of the comparison: its declaration and the range of its draws (or the value it was held at)."""

    declaration: Declaration
    range: Interval
    held: bool


def inputs(comparison: Comparison) -> list[Input]:
    """Every parameter with the values that the draws took."""
    design = comparison.design
    drawn = [design.parameters(draw) for draw in range(design.draws)]
    found = []
    for name, declaration in declarations(Parameters).items():
        values = [float(getattr(parameters, name)) for parameters in drawn]
        found.append(Input(declaration, (min(values), max(values)), name in design.fixed))
    return found


def mean_gain(differences: Sequence[Difference]) -> float:
    """Geometric mean of how many times as many runs independent seeds would need; NaN where no pair is comparable."""
    gains = [d.pairing.gain for d in differences if 0.0 < d.pairing.gain < math.inf]
    return math.exp(float(np.mean(np.log(gains)))) if gains else math.nan
