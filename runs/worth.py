"""What a death averted costs, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runs.compare import Comparison
from runs.design import Design, arm_label, since_start, window_label
from runs.phrases import MILLION, interval, money, number, percent, ratio_set
from runs.sections import Section, Table
from runs.statistics import (
    WHOLE_LINE,
    Interval,
    RatioSet,
    Spread,
    Summary,
    acceptability,
    effect_interval,
    shrunk_draw_means,
    spread,
    summarise,
)

Floats = NDArray[np.float64]

DEATHS_OF_COST = ("civilian_deaths", "expected_civilian_deaths")
# Sums in US$ that averting one death might be worth: no judgement, only a range. The curve has four a factor of ten.
WORTH = (100_000.0, 300_000.0, 1_000_000.0, 3_000_000.0, 10_000_000.0, 30_000_000.0, 100_000_000.0)
CURVE = tuple(float(10 ** (5 + step / 4)) for step in range(13))
ASSUMED_PRICES = (
    "What uniformed people cost is taken from the Secretary-General's estimate of July 2021; what dialogue, "
    "investigations, disarmament and services cost is an assumption, drawn anew for every set of parameters."
)


@dataclass(frozen=True)
class CostFound:
    """Extra cost, deaths averted and their ratio for one arm, from the first day of the run.

    Costs count from the first day, not from clock zero: units cost money before the first base opens. ``cost`` and
    ``averted`` are means over draws with their spread; ``civilian`` is the mean part of the cost that is civilian work;
    ``ratio`` is in US$ per death averted and follows from ``cost_effect`` and the interval of deaths averted alone;
    ``acceptable`` and ``curve`` are chances for the sums of WORTH and of CURVE.
    """

    arm: str
    window: str
    key: str
    cost: Spread
    cost_effect: Interval
    civilian: float
    averted: Summary
    ratio: RatioSet
    acceptable: tuple[float, ...]
    curve: tuple[float, ...]


def costs(comparison: Comparison) -> list[CostFound]:
    """Cost per death averted of every arm that costs more than the control, in every window from the start."""
    windows = [since_start(months) for months in comparison.design.months]
    return [
        cost_of(comparison, arm.name, window, key)
        for arm in comparison.design.treated
        if is_costed(comparison, arm.name)
        for window in windows
        for key in DEATHS_OF_COST
    ]


def is_costed(comparison: Comparison, arm: str) -> bool:
    """Whether an arm costs anything beside what the control costs."""
    treated, control = comparison.pair(arm, since_start(max(comparison.design.months)), "total_cost")
    return bool((treated != control).any())


def cost_of(comparison: Comparison, arm: str, window: str, key: str) -> CostFound:
    """Cost per death averted of one arm in one window from the start; ``key`` is one of DEATHS_OF_COST."""
    more = {what: np.subtract(*comparison.pair(arm, window, what)) for what in ("total_cost", "civilian_cost")}
    cost = more["total_cost"]
    treated, control = comparison.pair(arm, window, key)
    saved = summarise(control, treated)
    paid = effect_interval(cost)
    ratio = RatioSet(_quotient(float(cost.mean()), saved.spread.estimate), quotients(paid, saved.effect))

    def chances(worth: tuple[float, ...]) -> tuple[float, ...]:
        error = saved.spread.monte_carlo_se
        found = acceptability(cost.mean(axis=1), shrunk_draw_means(control - treated), np.array(worth), error)
        return tuple(float(share) for share in found)

    civilian = float(more["civilian_cost"].mean())
    return CostFound(arm, window, key, spread(cost), paid, civilian, saved, ratio, chances(WORTH), chances(CURVE))


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


def assumed_prices(design: Design) -> tuple[str, ...]:
    """That civilian work has assumed prices, where arms differ in it."""
    differs = any(
        (arm.accountability, arm.strategy) != (design.control.accountability, design.control.strategy)
        for arm in design.treated
    )
    return (ASSUMED_PRICES,) if differs else ()


def cost_section(comparison: Comparison) -> Section:
    """What a death averted costs, and how sure that is."""
    found = costs(comparison)
    longest = since_start(max(comparison.design.months))
    parts = ([c for c in found if c.window == longest], [c for c in found if c.window != longest])
    text = (
        "Costs count from the first day of the run, because units cost money before the first base opens: extra "
        "uniformed people, and civilian work beyond the control's. Cost per death averted is all that the interval of "
        "the cost divided by that of the deaths averted may be: where these may be zero it has no upper end, and shows "
        "so. The second table and the figure give the chance, over parameter sets and Monte Carlo error, that the "
        "deaths averted are worth their cost if averting one were worth so much: a range, no judgement."
    )
    tables = tuple(make(part, folded) for part, folded in zip(parts, (False, True), strict=True) for make in TABLES)
    shown = tuple(table for table in tables if table.rows)
    return Section("cost", "Cost", (text, *assumed_prices(comparison.design)), shown, figure="acceptability")


def _cost_table(found: list[CostFound], folded: bool) -> Table:
    headers = (
        *WHICH, "Extra cost, US$, 90 %", "of it civilian work", "Deaths averted", "90 % interval",
        "US$ per death averted, 90 %",
    )  # fmt: skip
    rows = tuple(
        (
            *_which(c),
            f"{money(c.cost.estimate)} ({money(c.cost_effect[0])} to {money(c.cost_effect[1])})",
            money(c.civilian) if c.civilian else "–",
            number(c.averted.spread.estimate, signed=True),
            interval(c.averted.effect),
            ratio_set(c.ratio),
        )
        for c in found
    )
    caption = "Cost per death averted"
    return Table(headers, rows, words=(0, 1, 2, 7), brief=(0, 1, 2, 3, 5, 6, 7), caption=caption, folded=folded)


def _chance_table(found: list[CostFound], folded: bool) -> Table:
    rows = tuple((*_which(c), *(percent(share) for share in c.acceptable)) for c in found)
    caption = "Chance of being worth the cost, by what averting a death is worth"
    headers = (*WHICH, *(f"US$ {amount / MILLION:g} M" for amount in WORTH))
    return Table(headers, rows, words=(0, 1, 2), caption=caption, folded=folded)


WHICH = ("Arm", "Window", "Civilian deaths")
TABLES = (_cost_table, _chance_table)


def _which(found: CostFound) -> tuple[str, str, str]:
    expected = found.key.startswith("expected")
    return arm_label(found.arm), window_label(found.window), "expected" if expected else "as drawn"
