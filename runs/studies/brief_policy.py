"""Two of the four questions: which Malian strategy, in the short and the long run, and at what cost."""

from __future__ import annotations

import math

from runs.analysis import difference, interaction_of
from runs.costs import item_label, spending
from runs.design import FACTORS, FIRST_BASE, Factorial, after_clock, is_year, parts_of, window_label
from runs.findings import no_interaction
from runs.phrases import (
    MILLION,
    NOT_RESOLVED,
    fewer_or_more,
    identical,
    interval,
    listed,
    money,
    number,
    percent,
    ratio_set,
)
from runs.sections import Table
from runs.statistics import Summary
from runs.studies.brief_arms import DEATHS, STRATEGY, alike, package_arm, rank
from runs.studies.brief_figures import capital, prices_picture, windows_picture
from runs.studies.brief_grounds import rests_of
from runs.studies.brief_told import (
    Answer,
    Told,
    also_said,
    best_said,
    costed_window,
    effect_cells,
    named,
    suggestion,
    tied_said,
)
from runs.worth import WORTH, CostFound, assumed_prices, cost_of, is_costed

COST = "cost"
SUMS = (1_000_000.0, 10_000_000.0)  # of those in WORTH, the two that the table shows
WORK = {
    "dialogue_missions_per_month": "dialogue",
    "disarmament_per_month": "disarmament of militias",
    "services_per_month": "return of services",
}


def strategy(told: Told) -> Answer:
    """Supporting which Malian strategy, in the short run and the long run?"""
    question = "Supporting which Malian strategy?"
    found = alike(told.design, STRATEGY)
    shown = _shown(told, found.arms if found else ())
    image = (
        windows_picture(STRATEGY, told.experiment, told.comparison, shown, told.key, told.run_hash) if shown else None
    )
    tables = (_windows_table(told, shown),) if shown else ()
    missing = _missing_strategy(told)
    rests = rests_of(told.design, STRATEGY)
    if found is None:
        lead = "No two options differ in dialogue, disarmament, services or accountability alone."
        return Answer(STRATEGY, question, lead, _together(told), missing, image, tables, rests)
    ranking = rank(told.comparison, found.arms, told.key)
    sentences: tuple[str, ...] = (tied_said(told, ranking), _short_and_long(told, ranking.first.arm), _head_start(told))
    sentences += (*_abuses(told, found.arms), *_together(told), *also_said(found))
    return Answer(
        STRATEGY, question, best_said(told, ranking), tuple(filter(None, sentences)), missing, image, tables, rests
    )


def _shown(told: Told, arms: tuple[str, ...]) -> list[str]:
    """Options whose course is shown: strategies, the package, and the two together."""
    package = package_arm(told.design)
    both = [f.both for f in told.design.factorials if f.first in (package.name if package else "", *arms)]
    wanted = [*arms, *([package.name] if package else []), *both]
    return [arm for arm in dict.fromkeys(wanted) if arm]


def _short_and_long(told: Told, arm: str) -> str:
    """Whether what the best strategy gains comes soon or late."""
    short, long = told.months[0], told.months[-1]
    if short == long:
        return (
            f"The experiment has one window only ({long} months), so it cannot set the short run against the long; "
            "give outcomes.months more than one."
        )
    early, late = (told.effect(arm, months=months) for months in (short, long))
    return (
        f"With {told.quoted(arm)}, {told.unit} change by {_share(early)} in the short run ({short} months) and "
        f"{_share(late)} in the long run ({long} months)."
    )


def _head_start(told: Told) -> str:
    """Months that count from the first base leave out what a measure does before: calendar years show it."""
    years = [window for window in told.comparison.windows if is_year(window)]
    found = alike(told.design, STRATEGY)
    if told.design.count_from != FIRST_BASE or found is None or not years:
        return ""
    arm = rank(told.comparison, found.arms, told.key).first.arm
    shares = [f"{_share(difference(told.comparison, arm, y, told.key).summary)} in {window_label(y)}" for y in years]
    return (
        "A measure that waits for no troops begins before those months do, and has had a start by then; by calendar "
        f"year the change is {listed(shares)}."
    )


def _share(found: Summary) -> str:
    if identical(found):
        return "no change"
    return percent(found.relative, 1, signed=True) + ("" if found.resolved else f" ({NOT_RESOLVED})")


def _abuses(told: Told, arms: tuple[str, ...]) -> tuple[str, ...]:
    """Abuses by national forces under the option that changes accountability most alone, if any does."""
    changed = {arm.name: arm.accountability != told.design.control.accountability for arm in told.design.treated}
    with_it = [arm for arm in arms if changed[arm]]
    if not with_it:
        return ()
    effects = {arm: told.effect(arm, "abuses") for arm in with_it}
    best = min(with_it, key=lambda arm: effects[arm].spread.estimate)
    if identical(effects[best]):
        return (f"Abuses by national forces are the same with {told.quoted(best)} in every run.",)
    return (f"With {told.quoted(best)} there are {fewer_or_more(effects[best], 'abuses by national forces')}.",)


def _together(told: Told) -> tuple[str, ...]:
    """Whether extra units and a Malian measure strengthen each other."""
    return tuple(
        _interaction(told, factorial) for factorial in told.design.factorials if "package" in factorial.factors
    )


def _interaction(told: Told, factorial: Factorial) -> str:
    found = interaction_of(told.comparison, factorial, after_clock(told.months[-1]), told.key).found
    ratio = f"{number(found.ratio, 3)}, {interval((found.low, found.high), 3, signed=False)}, where 1 is no interaction"
    two = f"{told.quoted(factorial.first)} and {told.quoted(factorial.second)}"
    if found.resolved:
        return f"Together, {two} {'strengthen' if found.ratio < 1.0 else 'weaken'} each other (ratio {ratio})."
    if no_interaction(found):
        return f"Together, {two} neither strengthen nor weaken each other."
    return f"Whether {two} strengthen each other is {NOT_RESOLVED} (ratio {ratio})."


def _missing_strategy(told: Told) -> tuple[str, ...]:
    design = told.design
    alone = {
        factor: any(design.factors_of(arm) == (factor,) for arm in design.treated)
        for factor in FACTORS
        if factor != "package"
    }
    said = []
    if not any(parts_of(arm, "strategy") != parts_of(design.control, "strategy") for arm in design.treated):
        scenarios = ("malian-strategy", "tobs-and-strategy")
        said.append(suggestion("dialogue, disarmament and services", ("with-and-without",), scenarios))
    elif alone["strategy"] and _work_comes_together(told):
        said.append(
            "Dialogue, disarmament and the return of services come together in every option here: which of the three "
            "does the work cannot be told. To see it, add scenarios that extend malian-strategy with some of "
            f"{', '.join(f'strategy.{lever} = 0' for lever in WORK)}."
        )
    if not any(parts_of(arm, "accountability") != parts_of(design.control, "accountability") for arm in design.treated):
        said.append(
            suggestion(
                "prompt investigation and sanction", ("tobs-by-accountability", "with-and-without"), ("accountability",)
            )
        )
    return tuple(said)


def _work_comes_together(told: Told) -> bool:
    """Whether the three parts of the strategy are on or off together in every option."""
    before = told.design.control.strategy
    found = {
        tuple(getattr(arm.strategy, lever) != getattr(before, lever) for lever in WORK) for arm in told.design.treated
    }
    return all(len(set(changes)) == 1 for changes in found)


def _windows_table(told: Told, arms: list[str]) -> Table:
    """Options by window: change in per cent of the control's, with its interval."""
    rows = []
    for arm in arms:
        cells = []
        for months in told.months:
            found = told.effect(arm, months=months)
            ends = tuple(100.0 * end / found.control if found.control else math.nan for end in found.effect)
            cells.append(f"{_share(found)}; {interval((ends[0], ends[1]), 1)}" if not identical(found) else "no change")
        rows.append((told.name(arm), *cells))
    headers = ("Option", *(window_label(after_clock(months)).capitalize() for months in told.months))
    caption = (
        f"{told.unit.capitalize()} in the short and the long run: change and {told.level} interval, % of the control's"
    )
    return Table(headers, tuple(rows), words=tuple(range(len(headers))), caption=caption)


# --- cost -----------------------------------------------------------------------------------------------------------


def priced(told: Told) -> list[CostFound]:
    """Options that cost anything, the cheapest per death averted first, then those that avert none."""
    window = costed_window(told)
    found = [
        cost_of(told.comparison, arm.name, window, DEATHS)
        for arm in told.design.treated
        if is_costed(told.comparison, arm.name)
    ]
    return sorted(found, key=_by_price)


def _by_price(found: CostFound) -> tuple[bool, float]:
    estimate = found.ratio.estimate
    averts = math.isfinite(estimate) and found.averted.spread.estimate > 0.0
    return not averts, estimate if averts else -found.averted.spread.estimate


def cost(told: Told) -> Answer:
    """At what cost for each death averted?"""
    question = "At what cost?"
    rests = rests_of(told.design, COST)
    found = priced(told)
    if not found:
        lead = "No option costs more than the control in these runs."
        missing = (suggestion("what a package costs", ("with-and-without",), ("extra-tobs",)),)
        return Answer(COST, question, lead, (), missing, None, (), rests)
    sentences = (_open_ended(told, found), _where_money_goes(told, found[0]), *assumed_prices(told.design))
    return Answer(
        COST,
        question,
        cheapest_said(told, found),
        tuple(filter(None, sentences)),
        (),
        prices_picture(COST, told.experiment, told.comparison, found, told.run_hash),
        (_cost_table(told, found),),
        rests,
    )


def cheapest_said(told: Told, found: list[CostFound]) -> str:
    """The option that looks cheapest for each death averted."""
    first = found[0]
    if _by_price(first)[0]:
        return "No option that costs anything averts a civilian death on average, so a death averted has no price."
    estimate = money(first.ratio.estimate)
    said = "costs" if len(found) == 1 else "looks cheapest for each civilian death averted:"
    each = " for each civilian death averted" if len(found) == 1 else ""
    return (
        f"{capital(told.quoted(first.arm))} {said} about US$ {estimate}{each} ({told.level} range: "
        f"{ratio_set(first.ratio)}); it costs US$ {money(first.cost.estimate)} in all, to month {told.months[-1]}."
    )


def _open_ended(told: Told, found: list[CostFound]) -> str:
    """Options whose price has no upper end: the interval of deaths averted holds zero."""
    open_ended = [c.arm for c in found if not c.ratio.bounded]
    if not open_ended:
        return ""
    if len(open_ended) == len(found) > 1:
        return (
            f"For none of {len(found)} options does the price have an upper end: it is {NOT_RESOLVED} whether they "
            "avert deaths at all, so this order is weak."
        )
    verb = "has" if len(open_ended) == 1 else "have"
    return (
        f"The price of {named(told, open_ended)} {verb} no upper end: whether deaths are averted there is "
        f"{NOT_RESOLVED}."
    )


def _where_money_goes(told: Told, first: CostFound) -> str:
    found = next(s for s in spending(told.comparison) if s.arm == first.arm)
    item = max(found.by_item, key=lambda key: found.by_item[key])
    return (
        f"Of what {told.quoted(first.arm)} costs, the largest part goes to {item_label(item)} "
        f"({percent(found.by_item[item] / found.total)})."
    )


def _cost_table(told: Told, found: list[CostFound]) -> Table:
    rows = tuple(
        (
            told.name(c.arm),
            f"{_millions(c.cost.estimate)} ({_millions(c.cost_effect[0])} to {_millions(c.cost_effect[1])})",
            "{} ({})".format(*effect_cells(c.averted)[:2]),
            ratio_set(c.ratio),
            *(percent(c.acceptable[WORTH.index(amount)]) for amount in SUMS),
        )
        for c in found
    )
    headers = (
        "Option", "Extra cost, US$ million", "Civilian deaths averted", f"US$ per death averted, {told.level} range",
        *(f"Worth it at US$ {amount / MILLION:g} million" for amount in SUMS),
    )  # fmt: skip
    caption = (
        f"Cost beyond the control's from the first day of the run, with {told.level} intervals, and the chance that it "
        "is worth paying if averting a death is worth so much (a range, no judgement)"
    )
    return Table(headers, rows, words=(0, 3), caption=caption)


def _millions(value: float) -> str:
    return number(value / MILLION, 0 if abs(value) >= 10 * MILLION else 1)
