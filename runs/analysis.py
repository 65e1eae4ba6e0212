"""From the runs of a comparison to its findings: differences, interactions and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np

from abm.calendar import date_of
from abm.declarations import Declaration, declarations
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.views.effects import Effect
from runs.compare import NEVER, Comparison
from runs.design import FACTORS, Factorial, after_clock, arm_label, parts_of, window_label
from runs.outcomes import MEASURES
from runs.phrases import identical
from runs.statistics import Interaction, Interval, Pairing, Summary, interaction, pairing, quantiles, summarise

HEADLINES = (
    "civilian_attacks", "expected_civilian_attacks", "civilian_deaths", "expected_civilian_deaths",
    "intercommunal_events", "intercommunal_deaths", "abuses", "displaced_people", "un_deaths",
)  # fmt: skip
CHARTED = ("civilian_attacks", "expected_civilian_deaths", "intercommunal_events", "abuses")

# Groups of parameters that the effect of each factor works through.
IN_ANY_CASE = ("attacks", "travel", "severity", "displaced people", "record")
GROUPS = {
    "package": (
        "presence", "UN operations", "convoys", "medical reach and helicopters", "warning and response", "deployment",
    ),
    "accountability": ("national forces", "accountability", "recruitment", "escorts", "cost of civilian work"),
    "strategy": ("strategy", "recruitment", "warning and response", "escorts", "cost of civilian work"),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One treated arm against another, mostly the control: one outcome in one window."""

    arm: str
    window: str
    key: str
    treated: float
    summary: Summary
    pairing: Pairing


def difference(comparison: Comparison, arm: str, window: str, key: str, against: str | None = None) -> Difference:
    """Paired difference of an outcome from another arm, the control if none is named."""
    treated, control = comparison.pair(arm, window, key, against)
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
    """Interaction of the two factors of a 2 × 2 design for one outcome in one window."""

    factorial: Factorial
    window: str
    key: str
    found: Interaction


def interactions(comparison: Comparison, keys: Sequence[str] = HEADLINES) -> list[InteractionFound]:
    """Interactions in the windows from clock zero; none where the arms hold no 2 × 2 design."""
    windows = [after_clock(months) for months in comparison.design.months]
    designs = comparison.design.factorials
    return [interaction_of(comparison, f, window, key) for f, window, key in product(designs, windows, keys)]


def interaction_of(comparison: Comparison, factorial: Factorial, window: str, key: str) -> InteractionFound:
    """Interaction of one 2 × 2 design for one outcome in one window."""
    arms = (comparison.design.control.name, factorial.first, factorial.second, factorial.both)
    neither, first, second, both = (comparison.values[arm, window, key] for arm in arms)
    found = interaction(neither, first, second, both)
    return InteractionFound(factorial, window, key, found)


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
    factors = [factor for factor in FACTORS if parts_of(arm, factor) != parts_of(control, factor)]
    groups = [group for factor in factors for group in GROUPS[factor]]
    return tuple(dict.fromkeys((*IN_ANY_CASE, *groups))) if factors else ()


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
