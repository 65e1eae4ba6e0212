"""Numbers as a reader wants them: signs, separators, intervals, money, and what is not resolved said so."""

from __future__ import annotations

import math
from collections.abc import Sequence

from runs.statistics import LEVEL, Interval, RatioSet, Summary, level_held

MINUS, THIN = "\u2212", "\u202f"
NOT_RESOLVED = "not resolved"
NO_DIFFERENCE = "no difference"
FIRST_LOOK = "first look"
MILLION = 1e6


def digits_for(*values: float) -> int:
    """Decimals that leave about three significant figures, by the largest of the numbers shown together."""
    size = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 0 if size >= 100 else 1 if size >= 1 else 3 if size < 0.1 else 2


def number(value: float, digits: int | None = None, signed: bool = False) -> str:
    """A number with thin spaces and a true minus; a rounded zero has no sign; "–" where there is none."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return (MINUS if value < 0 else "+" if signed else "") + "∞"
    places = digits_for(value) if digits is None else digits
    text = f"{abs(value):,.{places}f}".replace(",", THIN)
    if float(text.replace(THIN, "")) == 0.0:
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def interval(ends: Interval, digits: int | None = None, signed: bool = True) -> str:
    """Two ends as "−12 to +3"."""
    places = digits_for(*ends) if digits is None else digits
    return f"{number(ends[0], places, signed)} to {number(ends[1], places, signed)}"


def percent(share: float, digits: int = 0, signed: bool = False) -> str:
    """A share as a percentage."""
    return f"{number(100.0 * share, digits, signed)} %" if math.isfinite(share) else "–"


def money(value: float) -> str:
    """US$ in millions, or in thousands below one million."""
    if not math.isfinite(value):
        return number(value)
    if abs(value) >= MILLION:
        return f"{number(value / MILLION, 1 if abs(value) < 100 * MILLION else 0)} million"
    return f"{number(value / 1000.0, 0)} thousand"


def identical(summary: Summary) -> bool:
    """Whether every run equals the run it is paired with: their mean difference and both variances are exactly zero."""
    parts = summary.spread
    return parts.estimate == parts.s2_seed == parts.s2_param == 0.0


def is_first_look(draws: int) -> bool:
    """Whether there are too few sets of parameters for intervals of 90 %."""
    return level_held(draws) < LEVEL


def guarded(text: str, draws: int) -> str:
    """A verdict, with "first look" where there are too few sets of parameters to call it a finding."""
    return f"{text} ({FIRST_LOOK})" if is_first_look(draws) else text


def verdict(summary: Summary) -> str:
    """Whether the interval of the effect leaves out zero, in words."""
    if identical(summary):
        return NO_DIFFERENCE
    if not summary.resolved:
        return NOT_RESOLVED
    return guarded("fewer" if summary.spread.estimate < 0 else "more", summary.spread.n_draws)


def change(summary: Summary, unit: str) -> str:
    """One finding as half a sentence: change, interval, share of the control, and whether it is resolved."""
    if identical(summary):
        return f"{NO_DIFFERENCE}, in any pair of runs"
    digits = digits_for(summary.spread.estimate, *summary.effect)
    estimate = number(summary.spread.estimate, digits, signed=True)
    resolved = guarded("", summary.spread.n_draws) if summary.resolved else f", {NOT_RESOLVED}"
    return (
        f"{estimate} {unit} ({interval(summary.effect, digits)}), "
        f"{percent(summary.relative, 0, signed=True)} of {number(summary.control, 0)}{resolved}"
    )


def fewer_or_more(summary: Summary, unit: str) -> str:
    """One difference for a reader who is no modeller: "31 fewer attacks (6 to 60)", and whether it is resolved."""
    if identical(summary):
        return f"{NO_DIFFERENCE} in any pair of runs"
    estimate, (low, high) = summary.spread.estimate, summary.effect
    digits = digits_for(estimate, low, high)
    head = f"{number(abs(estimate), digits)} {_side(estimate)} {unit}"
    if summary.resolved:
        nearest, farthest = sorted((abs(low), abs(high)))
        return f"{head} ({number(nearest, digits)} to {number(farthest, digits)})"
    ends = f"{number(abs(low), digits)} {_side(low)} to {number(abs(high), digits)} {_side(high)}"
    return f"{head} ({ends}: {NOT_RESOLVED})"


def _side(value: float) -> str:
    return "fewer" if value < 0.0 else "more"


def ratio_set(found: RatioSet) -> str:
    """A confidence set of US$ per death averted, unbounded ones said so."""
    if not found.branches:
        return "no death averted"
    ends = [(money(low), money(high)) for low, high in found.branches]
    if found.bounded:
        return " or ".join(f"{low} to {high}" for low, high in ends)
    if all(math.isinf(end) for branch in found.branches for end in branch):
        return f"{NOT_RESOLVED}: any sum is compatible"
    if len(found.branches) == 2:
        deaths_added = found.branches[0][1] <= 0.0 <= found.branches[1][0]
        other = "deaths are added" if deaths_added else f"below {ends[0][1]}"
        return f"{NOT_RESOLVED}: above {ends[1][0]}, or {other}"
    low, high = found.branches[0]
    if math.isinf(high):
        return f"{NOT_RESOLVED}: above {money(low)}, with no upper end"
    return f"{NOT_RESOLVED}: below {money(high)}, with no lower end"


def listed(words: Sequence[str]) -> str:
    """Words as "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
