"""What the runs of a comparison show: differences, interactions, calendar years and arrivals."""

from __future__ import annotations

from collections.abc import Sequence

from runs.analysis import HEADLINES, CoursePoint, Difference, InteractionFound, difference, interactions, timeline
from runs.compare import Comparison
from runs.design import after_clock, arm_label, is_year, window_label
from runs.outcomes import MEASURES
from runs.phrases import (
    NO_DIFFERENCE,
    NOT_RESOLVED,
    digits_for,
    guarded,
    interval,
    number,
    percent,
    verdict,
)
from runs.sections import Section, Table
from runs.statistics import Interaction

YEARLY = ("civilian_attacks", "civilian_deaths", "intercommunal_events", "abuses")
DIFFERENCE_HEADERS = (
    "Outcome", "Arm", "Control", "Difference", "90 % interval of the effect", "of one future", "Change",
    "Monte Carlo error", "Verdict",
)  # fmt: skip


def _difference_row(found: Difference) -> tuple[str, ...]:
    summary = found.summary
    digits = digits_for(summary.spread.estimate, *summary.effect)
    return (
        MEASURES[found.key].label,
        arm_label(found.arm),
        number(summary.control, 0 if summary.control >= 100 else 1),
        number(summary.spread.estimate, digits, signed=True),
        interval(summary.effect, digits),
        interval(summary.future, digits),
        percent(summary.relative, 1, signed=True),
        number(summary.spread.monte_carlo_se, digits_for(summary.spread.monte_carlo_se)),
        verdict(summary),
    )


def _difference_table(
    comparison: Comparison, window: str, keys: Sequence[str], caption: str, folded: bool = False
) -> Table:
    arms = [arm.name for arm in comparison.design.treated]
    rows = tuple(_difference_row(difference(comparison, arm, window, key)) for key in keys for arm in arms)
    return Table(DIFFERENCE_HEADERS, rows, words=(0, 1), brief=(0, 1, 2, 3, 4, 6, 8), caption=caption, folded=folded)


def differences(comparison: Comparison) -> Section:
    """Paired differences at 6, 12 and 36 months from clock zero."""
    text = (
        "Each difference is a treated run less the control run of the same draws. The interval of the effect says "
        "where the mean of many futures may lie, given what is not known about the parameters; Monte Carlo error, the "
        "part that more runs would shrink, is in it and is also shown apart. The interval of one future is what a "
        f"single pair of runs shows. Where the interval of the effect crosses zero the table says “{NOT_RESOLVED}”; "
        f"where all pairs of runs are the same, “{NO_DIFFERENCE}”. "
        "“Expected” outcomes average over the last draw of each attack and are less noisy: counts of deaths are so "
        "noisy that the spread of the parameters is lost in them, and only these say how uncertain the effect is."
    )
    windows = [after_clock(months) for months in comparison.design.months]
    tables = tuple(_difference_table(comparison, w, HEADLINES, window_label(w).capitalize()) for w in windows)
    return Section("differences", "Differences from the control", (text,), tables, figure="comparison")


def calendar_years(comparison: Comparison) -> Section:
    """The same by calendar year, for years that every run covers."""
    years = [window for window in comparison.windows if is_year(window)]
    tables = tuple(_difference_table(comparison, year, YEARLY, window_label(year), folded=True) for year in years)
    text = "Years that every run covers. Before the first extra base opens, little can differ."
    return Section("calendar", "By calendar year", (text,), tables)


def interaction_section(comparison: Comparison) -> Section:
    """Do two factors strengthen or weaken each other? A table for each 2 × 2 design among the arms."""
    found = interactions(comparison)
    tables = tuple(
        Table(
            ("Outcome", "Window", "Ratio", "90 % interval", "Verdict"),
            tuple(_interaction_row(i, comparison.design.draws) for i in found if i.factorial == factorial),
            words=(0, 1),
            caption=f"{arm_label(factorial.first)} × {arm_label(factorial.second)}",
        )
        for factorial in comparison.design.factorials
    )
    text = (
        "Outcome with both measures, divided by what the two single effects would give if they multiplied: 1 is no "
        "interaction, below 1 the two strengthen each other."
    )
    return Section("interaction", "Together and apart", (text,), tables)


def _interaction_row(found: InteractionFound, draws: int) -> tuple[str, ...]:
    return (
        MEASURES[found.key].label,
        window_label(found.window),
        number(found.found.ratio, 3),
        f"{number(found.found.low, 3)} to {number(found.found.high, 3)}",
        interaction_verdict(found.found, draws),
    )


def interaction_verdict(found: Interaction, draws: int) -> str:
    """On which side of 1 an interaction lies, or why that cannot be said."""
    if found.resolved:
        return guarded("below 1" if found.ratio < 1 else "above 1", draws)
    if found.reason:
        return found.reason
    return "none" if no_interaction(found) else NOT_RESOLVED


def no_interaction(found: Interaction) -> bool:
    """Whether the ratio is 1 in every run, but for the rounding of logarithms."""
    return max(abs(found.low - 1.0), abs(found.high - 1.0)) < 1e-12


def arrivals(comparison: Comparison) -> Section:
    """Arrived people and TOBs achieved, over time and by window."""
    points = {(p.arm, p.month, p.column): p for p in timeline(comparison)}
    arms = [arm.name for arm in comparison.design.arms]
    months = [m for m in dict.fromkeys(p.month for p in points.values()) if m.month in (1, 7)]
    rows = tuple(
        (
            f"{month:%B %Y}",
            arm_label(arm),
            _range(points[arm, month, "troops"], 0),
            _range(points[arm, month, "extra_troops"], 0),
            _range(points[arm, month, "tobs"], 1),
        )
        for month in months
        for arm in arms
    )
    headers = ("Month", "Arm", "UN people arrived", "of these extra", "TOBs open")
    windows = [after_clock(m) for m in comparison.design.months]
    achieved = tuple(
        (arm_label(arm), *(number(float(comparison.values[arm, w, "tobs"].mean()), 2) for w in windows)) for arm in arms
    )
    text = "Means over runs, and the range that holds 90 % of them. Forces take months to arrive, and wait for land."
    tables = (
        Table(headers, rows, words=(0, 1), caption="Over time", folded=True),
        Table(("Arm", *map(window_label, windows)), achieved, caption="TOBs open on average, from clock zero"),
    )
    return Section("arrivals", "What arrived when", (text,), tables, figure="timeline")


def _range(point: CoursePoint, digits: int) -> str:
    if point.low == point.high:
        return number(point.mean, digits)
    return f"{number(point.mean, digits)} ({interval((point.low, point.high), digits, False)})"
