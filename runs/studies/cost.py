"""What deaths averted cost, which arms others dominate, and which is the best buy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from runs.answers import few_draws
from runs.compare import Comparison
from runs.design import since_start, window_label
from runs.phrases import MILLION, interval, listed, money, number, percent, ratio_set
from runs.sections import Section, Table
from runs.studies.best import MOST_NAMED
from runs.studies.labels import label
from runs.studies.paired import counted, points_said
from runs.studies.study import Study
from runs.studies.value import Value, best_buys, value_of
from runs.worth import ASSUMED_PRICES, CURVE, DEATHS_OF_COST, WORTH, CostFound, cost_of, is_costed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.batch.experiment import Experiment

KEY = "cost"
DEATHS = "expected_civilian_deaths"
METHOD = (
    "Costs count from the first day of the run, because units cost money before the first base opens: extra uniformed"
    " people, and civilian work beyond the control's. Cost per death averted is all that the interval of the cost "
    "divided by that of the deaths averted may be: where these may be zero it has no upper end, and shows so. An arm "
    "is dominated where another, the control among them, costs no more and averts more; the chance of that, and of "
    "being the best buy, is over sets of parameters and Monte Carlo error, all arms taken together. What averting a "
    "death is worth is a range, no judgement. Only deaths are weighed: people driven out, abuses and what else the "
    "arms change are not."
)


def cost_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study | None:
    """Cost per death averted, dominance and best buys; None where no arm costs more than the control.

    Tables of rows: ``cost`` (arm, window, way of counting deaths), ``cost-chances`` (arm, sum that a death is worth)
    and ``cost-frontier`` (steps along the frontier).
    """
    costed = [arm.name for arm in comparison.design.treated if is_costed(comparison, arm.name)]
    if not costed:
        return None
    longest = since_start(max(comparison.design.months))
    found = [
        cost_of(comparison, arm, since_start(months), key)
        for months in comparison.design.months
        for key in DEATHS_OF_COST
        for arm in costed
    ]
    shown = [one for one in found if (one.window, one.key) == (longest, DEATHS)]
    value = value_of(comparison, longest, DEATHS)
    paragraphs = (
        _frontier_in_words(experiment, value),
        _dominated_in_words(experiment, value),
        _best_buys_in_words(experiment, value),
        *few_draws(comparison),
        f"Civilian deaths, expected, {window_label(longest)}. {points_said(experiment)} {counted(comparison.design)}",
        METHOD,
        ASSUMED_PRICES,
    )
    tables = (
        _cost_table(experiment, shown, value),
        _frontier_table(experiment, value),
        _best_buy_table(experiment, value),
        _worth_table(experiment, shown),
    )
    rows = {
        "cost": [_row(one) for one in found],
        "cost-chances": [row for one in shown for row in _chance_rows(one, value)],
        "cost-frontier": _frontier_rows(value),
    }
    section = Section(KEY, "Cost", paragraphs, tuple(table for table in tables if table.rows), figure=KEY)
    return Study(section, rows, _figure(experiment, shown, value, run_hash))


# --- words ----------------------------------------------------------------------------------------------------------


def _frontier_in_words(experiment: Experiment, value: Value) -> str:
    names = [label(experiment, arm) for arm in value.frontier]
    if len(names) == 1:
        return f"By the means one arm costs least and averts most: {names[0]}."
    return (
        f"By the means {len(names)} of {len(value.cost)} arms are on the frontier, from the cheapest: "
        f"{'; '.join(names[:MOST_NAMED])}{'; …' if len(names) > MOST_NAMED else ''}. All others are dominated by "
        "one of these or by a mixture of two, or are the same as one. The frontier is picked by the means, and "
        "luck helps to be picked: it flatters the arms on it."
    )


def _dominated_in_words(experiment: Experiment, value: Value) -> str:
    control = experiment.design.control.name
    likely = sorted(
        (arm for arm in value.dominated if arm != control and value.dominated[arm] >= 0.9),
        key=lambda arm: -value.dominated[arm],
    )
    if not likely:
        return "No arm is dominated with a chance of 90 % or more."
    told = [f"{label(experiment, arm)} ({percent(value.dominated[arm])})" for arm in likely[:MOST_NAMED]]
    more = f", and {len(likely) - len(told)} more" if len(likely) > len(told) else ""
    return f"Dominated with a chance of 90 % or more: {'; '.join(told)}{more}."


def _best_buys_in_words(experiment: Experiment, value: Value) -> str:
    told = [
        f"US$ {money(worth)}: {label(experiment, arm)} ({percent(chance)})"
        for worth, arm, chance in best_buys(value, list(value.cost))
    ]
    return f"Most often the best buy, by what averting a death is worth: {listed(told)}."


# --- tables ---------------------------------------------------------------------------------------------------------


def _cost_table(experiment: Experiment, shown: Sequence[CostFound], value: Value) -> Table:
    rows = []
    for one in shown:
        by = value.by[one.arm]
        rows.append(
            (
                label(experiment, one.arm),
                f"{money(one.cost.estimate)} ({money(one.cost_effect[0])} to {money(one.cost_effect[1])})",
                money(one.civilian) if one.civilian else "–",
                number(one.averted.spread.estimate, signed=True),
                interval(one.averted.effect),
                number(one.averted.spread.monte_carlo_se),
                ratio_set(one.ratio),
                "–" if by is None else label(experiment, by),
                percent(value.dominated[one.arm]),
            )
        )
    headers = (
        "Arm", "Extra cost, US$, 90 %", "of it civilian work", "Deaths averted", "90 % interval", "Monte Carlo error",
        "US$ per death averted, 90 %", "Dominated by, by the means", "Chance of being dominated",
    )  # fmt: skip
    caption = "Cost, deaths averted and dominance"
    return Table(headers, tuple(rows), words=(0, 1, 6, 7), brief=(0, 1, 3, 4, 6, 8), caption=caption)


def _frontier_table(experiment: Experiment, value: Value) -> Table:
    rows = tuple(
        (
            f"{label(experiment, step.before)} → {label(experiment, step.after)}",
            f"{money(step.cost)} ({money(step.cost_interval[0])} to {money(step.cost_interval[1])})",
            f"{number(step.averted, signed=True)} ({interval(step.averted_interval)})",
            ratio_set(step.ratio),
        )
        for step in value.increments
    )
    headers = ("Step along the frontier", "More cost, US$, 90 %", "More deaths averted, 90 %", "US$ for each, 90 %")
    return Table(headers, rows, words=(0, 1, 3), caption="From each arm of the frontier to the next")


def _sums() -> tuple[str, ...]:
    return tuple(f"US$ {amount / MILLION:g} M" for amount in WORTH)


def _best_buy_table(experiment: Experiment, value: Value) -> Table:
    rows = tuple(
        (label(experiment, arm), *(percent(share) for share in value.best_buy[arm]))
        for arm in sorted(value.best_buy, key=lambda arm: -max(value.best_buy[arm]))
    )
    caption = "Chance of being the best buy of all arms, by what averting a death is worth"
    return Table(("Arm", *_sums()), rows, caption=caption, folded=len(rows) > MOST_NAMED + 1)


def _worth_table(experiment: Experiment, shown: Sequence[CostFound]) -> Table:
    rows = tuple((label(experiment, one.arm), *(percent(share) for share in one.acceptable)) for one in shown)
    caption = "Chance of being worth the cost beside the control, by what averting a death is worth"
    return Table(("Arm", *_sums()), rows, caption=caption, folded=True)


# --- rows -----------------------------------------------------------------------------------------------------------


def _row(one: CostFound) -> dict[str, Any]:
    return {
        "arm": one.arm, "window": one.window, "deaths": one.key, "cost": one.cost.estimate,
        "cost_low": one.cost_effect[0], "cost_high": one.cost_effect[1], "civilian_cost": one.civilian,
        "averted": one.averted.spread.estimate, "averted_low": one.averted.effect[0],
        "averted_high": one.averted.effect[1], "averted_resolved": one.averted.resolved,
        "averted_monte_carlo_se": one.averted.spread.monte_carlo_se, "usd_per_death": one.ratio.estimate,
        "usd_per_death_bounded": one.ratio.bounded, "usd_per_death_set": ratio_set(one.ratio),
    }  # fmt: skip


def _chance_rows(one: CostFound, value: Value) -> list[dict[str, Any]]:
    """Chance of being worth the cost for every sum of the curve, and of being the best buy for those of WORTH."""
    best = dict(zip(WORTH, value.best_buy[one.arm], strict=True))
    acceptable = dict(zip(CURVE, one.curve, strict=True)) | dict(zip(WORTH, one.acceptable, strict=True))
    return [
        {
            "arm": one.arm, "worth": worth, "chance_worth_the_cost": chance, "chance_best_buy": best.get(worth),
            "chance_dominated": value.dominated[one.arm], "dominated_by": value.by[one.arm],
            "on_frontier": one.arm in value.frontier,
        }
        for worth, chance in sorted(acceptable.items())
    ]  # fmt: skip


def _frontier_rows(value: Value) -> list[dict[str, Any]]:
    return [
        {
            "before": step.before, "after": step.after, "cost": step.cost, "cost_low": step.cost_interval[0],
            "cost_high": step.cost_interval[1], "averted": step.averted, "averted_low": step.averted_interval[0],
            "averted_high": step.averted_interval[1], "usd_per_death": step.ratio.estimate,
            "usd_per_death_set": ratio_set(step.ratio),
        }
        for step in value.increments
    ]  # fmt: skip


# --- figure ---------------------------------------------------------------------------------------------------------


def _figure(experiment: Experiment, shown: Sequence[CostFound], value: Value, run_hash: str | None) -> Figure:
    from abm.views.plane import Dot, draw_plane

    dots = [
        Dot(
            label(experiment, one.arm),
            one.averted.spread.estimate,
            one.averted.effect,
            one.cost.estimate,
            one.cost_effect,
            one.averted.resolved,
            one.arm in value.frontier,
        )
        for one in shown
    ]
    return draw_plane(dots, run_hash=run_hash)
