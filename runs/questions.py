"""The four questions of those who decide, answered in plain words from the numbers of the arms at hand.

What type of personnel, doing what kind of operation, supporting which Malian strategy, at what cost? Where an arm that
a part of an answer needs is not among the arms, the answer names the scenario to add.
"""

from __future__ import annotations

from runs.analysis import GROUPS, difference, interaction_of
from runs.answers import few_draws
from runs.compare import Comparison
from runs.costs import NEVER_OUT, Spending, item_label, spending
from runs.design import after_clock, arm_label, is_year, since_start, window_label
from runs.displacement import has_rings, in_short
from runs.findings import no_interaction
from runs.operations import mean_of, share_answered
from runs.outcomes import IN_CAMP, MEASURES
from runs.phrases import (
    MILLION,
    NOT_RESOLVED,
    fewer_or_more,
    guarded,
    interval,
    listed,
    money,
    number,
    percent,
    ratio_set,
)
from runs.roles import Roles, heads, roles
from runs.sections import Section
from runs.standing import stands_on
from runs.statistics import Summary
from runs.worth import WORTH, CostFound, cost_of, is_costed

# Expected numbers: the same means as counts, with far less noise.
ATTACKS, DEATHS = "expected_civilian_attacks", "expected_civilian_deaths"
SUMS = (1_000_000.0, 10_000_000.0)
# Groups of parameters that say what dialogue, disarmament and services do: others only carry their effects on.
OF_STRATEGY = ("strategy", "recruitment")
OF_COST = ("deployment", "cost of civilian work")


def four_questions(comparison: Comparison) -> Section:
    """One plain paragraph for each question."""
    control, window = comparison.design.control.name, after_clock(_months(comparison))
    attacks, deaths = (number(mean_of(comparison, control, window, key), 0) for key in (ATTACKS, DEATHS))
    opening = (
        f"Every arm is held against {arm_label(control)}, run by run under the same draws, over the "
        f"{_months(comparison)} months from the first day an extra base works; {arm_label(control)} has {attacks} "
        f"attacks on civilians and {deaths} civilian deaths in that time. Numbers are expected ones; the interval "
        "holds what is not known about the parameters, and where it holds both fewer and more, the sign is "
        f"{NOT_RESOLVED}."
    )
    found = roles(comparison.design)
    answers = tuple(question(comparison, found) for question in (personnel, operations, strategy, cost))
    return Section("questions", "The four questions", (opening, *few_draws(comparison), *answers))


def _months(comparison: Comparison) -> int:
    return max(comparison.design.months)


def _over(comparison: Comparison, arm: str, key: str, months: int | None = None, against: str | None = None) -> Summary:
    window = after_clock(_months(comparison) if months is None else months)
    return difference(comparison, arm, window, key, against).summary


def _said(comparison: Comparison, arm: str, months: int | None = None, against: str | None = None) -> str:
    """Attacks and deaths of an arm against another, in words."""
    attacks, deaths = (_over(comparison, arm, key, months, against) for key in (ATTACKS, DEATHS))
    return f"{fewer_or_more(attacks, 'attacks')} and {fewer_or_more(deaths, 'deaths')}"


def _add(scenario: str, what: str) -> str:
    return f"To see {what}, add the scenario {scenario}."


# --- 1 --------------------------------------------------------------------------------------------------------------


def personnel(comparison: Comparison, found: Roles) -> str:
    """What type of personnel: mobile companies, people bound to their camps, companies with doctors."""
    head = "What type of personnel?"
    if found.package is None:
        return f"{head} {_add('extra-tobs', 'what a package with mobile companies does')}"
    arm = next(a for a in comparison.design.treated if a.name == found.package)
    text = (
        f"{number(heads(arm), 0)} more people, {number(heads(arm, mobile_only=True), 0)} of them in mobile companies "
        f"({arm_label(arm.name)}): {_said(comparison, arm.name)} than the control."
    )
    return f"{head} {_without_mobility(comparison, found)} {text} {_with_medics(comparison, found)}"


def _without_mobility(comparison: Comparison, found: Roles) -> str:
    if found.camp_bound is None:
        return _add("camp-bound-troops", "what as many people bound to their camps do")
    arm = next(a for a in comparison.design.treated if a.name == found.camp_bound)
    mobile = _over(comparison, str(found.package), DEATHS, against=arm.name)
    claim = _better(mobile, "mobile companies do better than as many people who stay in their camps")
    return (
        f"{claim[0].upper()}{claim[1:]}: run by run, {fewer_or_more(mobile, 'deaths')}. {number(heads(arm), 0)} more "
        f"people who all stay in their camps ({arm_label(arm.name)}): {_said(comparison, arm.name)} than the control."
    )


def _with_medics(comparison: Comparison, found: Roles) -> str:
    if found.medics is None:
        return _add("mobile-troops-embedded-medics", "what more mobile companies with medical teams do")
    arm = next(a for a in comparison.design.treated if a.name == found.medics)
    more = _over(comparison, arm.name, DEATHS, against=found.package)
    return (
        f"With {number(heads(arm, mobile_only=True), 0)} in mobile companies and medical teams among them "
        f"({arm_label(arm.name)}): {_said(comparison, arm.name)}, {fewer_or_more(more, 'deaths')} than the package: "
        f"{_better(more, 'more mobility with doctors does better')}."
    )


def _better(found: Summary, claim: str) -> str:
    """A claim that fewer is better, as far as it is resolved."""
    if not found.resolved:
        return f"whether {claim} is {NOT_RESOLVED}"
    return guarded(claim if found.spread.estimate < 0.0 else f"it is not so that {claim}", found.spread.n_draws)


# --- 2 --------------------------------------------------------------------------------------------------------------


def operations(comparison: Comparison, found: Roles) -> str:
    """What kind of operation: bases and patrols, answers to warnings, convoys and their price, where bases go."""
    head = "Doing what kind of operation?"
    if found.package is None:
        return f"{head} {_add('extra-tobs', 'what more bases, patrols and answers to warnings do')}"
    parts = [head, f"Bases, patrols and answers to warnings together: {_said(comparison, found.package)}."]
    parts += [_bases_and_answers(comparison, found.package), _losses(comparison, found.package)]
    parts += [in_short(comparison, found.package)] if has_rings(comparison) else []
    parts += [_places(comparison, found), *_conditions(comparison, found), stands_on(GROUPS["package"])]
    return " ".join(parts)


def _bases_and_answers(comparison: Comparison, arm: str) -> str:
    window, control = after_clock(_months(comparison)), comparison.design.control.name

    def means(key: str, digits: int = 0) -> tuple[str, str]:
        with_units, without = (number(mean_of(comparison, a, window, key), digits) for a in (arm, control))
        return with_units, without

    tobs, patrols, prevented = means("tobs", 1), means("un_patrols"), means("prevented")
    by_un, by_army, softened = means("averted_by_un", 1), means("averted_by_army", 1), means("softened", 1)
    shares = [percent(share_answered(comparison, a, window)) for a in (arm, control)]
    return (
        f"With {arm_label(arm)}, {tobs[0]} bases are open on average rather than the control's {tobs[1]}, {patrols[0]} "
        f"patrols go out rather than {patrols[1]}, and presence and answers to warnings prevent {prevented[0]} attacks "
        f"rather than {prevented[1]}. Of warnings, {shares[0]} are answered before the attack rather than {shares[1]}; "
        f"UN troops so avert {by_un[0]} attacks rather than {by_un[1]} and come during {softened[0]} rather than "
        f"{softened[1]}, national forces avert {by_army[0]} rather than {by_army[1]}."
    )


def _losses(comparison: Comparison, arm: str) -> str:
    convoys, killed = (_over(comparison, arm, key) for key in ("convoys", "un_deaths"))
    return (
        f"It takes {fewer_or_more(convoys, 'convoys')}; of peacekeepers, {fewer_or_more(killed, 'are killed')} than "
        f"the control's {number(killed.control, 1)}."
    )


def _places(comparison: Comparison, found: Roles) -> str:
    if not found.allocations:
        return _add("allocation-spread, allocation-population or another", "whether it matters where bases go")
    found_elsewhere = _each_against(comparison, found.allocations, found.package)
    return f"Where bases go, against those of the package: {found_elsewhere}."


def _conditions(comparison: Comparison, found: Roles) -> list[str]:
    if not found.conditions:
        return []
    return [f"The same units otherwise: {_each_against(comparison, found.conditions, found.package)}."]


def _each_against(comparison: Comparison, arms: tuple[str, ...], against: str | None) -> str:
    return "; ".join(
        f"{arm_label(arm)} {fewer_or_more(_over(comparison, arm, DEATHS, against=against), 'deaths')}" for arm in arms
    )


# --- 3 --------------------------------------------------------------------------------------------------------------


def strategy(comparison: Comparison, found: Roles) -> str:
    """Which Malian strategy: alone and with the package, in the short run and the long run."""
    head = "Supporting which Malian strategy?"
    if found.strategy is None:
        parts = [head, _add("malian-strategy", "what dialogue, disarmament and services do")]
    else:
        parts = [head, _in_time(comparison, found.strategy), _by_year(comparison, found.strategy)]
        parts += [_means_of(comparison, found.strategy)]
    parts += [_with_package(comparison, found), _with_accountability(comparison, found)]
    parts += [stands_on(OF_STRATEGY)]
    return " ".join(filter(None, parts))


def _in_time(comparison: Comparison, arm: str) -> str:
    short, long = min(comparison.design.months), _months(comparison)
    starts = next(a for a in comparison.design.treated if a.name == arm).strategy.starts
    return (
        f"Dialogue, disarmament and services from {starts:%B %Y} without more units ({arm_label(arm)}): "
        f"{_said(comparison, arm, short)} over {short} months, {_said(comparison, arm)} over {long}."
    )


def _by_year(comparison: Comparison, arm: str) -> str:
    """Deaths by calendar year: months count from the first extra base, which a strategy does not wait for."""
    years = [window for window in comparison.windows if is_year(window)]
    shares = [f"{_share(difference(comparison, arm, y, DEATHS).summary)} in {window_label(y)}" for y in years]
    return f"By calendar year, deaths change by {listed(shares)}." if shares else ""


def _means_of(comparison: Comparison, arm: str) -> str:
    window = after_clock(_months(comparison))
    held, disarmed, served = (
        mean_of(comparison, arm, window, key) for key in ("agreements", "fighters_disarmed", "served")
    )
    return (
        f"It holds {number(held, 1)} agreements on average, disarms {number(disarmed, 0)} fighters, and services are "
        f"back in {number(served, 0)} villages at the end."
    )


def _with_package(comparison: Comparison, found: Roles) -> str:
    factorial = found.package_with_strategy
    if factorial is None:
        scenarios = "tobs-and-strategy (with extra-tobs and malian-strategy)"
        return _add(scenarios, "whether bases and strategy need each other")
    short, long = min(comparison.design.months), _months(comparison)
    alone = [_share_of_control(comparison, factorial.first, months) for months in (short, long)]
    both = [_share_of_control(comparison, factorial.both, months) for months in (short, long)]
    together = interaction_of(comparison, factorial, after_clock(long), ATTACKS).found
    ratio = f"{number(together.ratio, 3)} ({interval((together.low, together.high), 3, signed=False)})"
    if together.resolved:
        verdict = f"the two {'strengthen' if together.ratio < 1.0 else 'weaken'} each other"
    else:
        sure = "the two neither strengthen nor weaken each other"
        verdict = sure if no_interaction(together) else f"whether the two strengthen each other is {NOT_RESOLVED}"
    return (
        f"Together with the package ({arm_label(factorial.both)}): {_said(comparison, factorial.both)}. Deaths change "
        f"by {alone[0]} over {short} months and {alone[1]} over {long} with the package alone, by {both[0]} and "
        f"{both[1]} with both; {verdict} (attacks are {ratio} times what the single effects would give)."
    )


def _share_of_control(comparison: Comparison, arm: str, months: int) -> str:
    return _share(_over(comparison, arm, DEATHS, months))


def _share(found: Summary) -> str:
    return percent(found.relative, 1, signed=True) + ("" if found.resolved else f" ({NOT_RESOLVED})")


def _with_accountability(comparison: Comparison, found: Roles) -> str:
    if found.accountability is None:
        return _add("accountability", "what prompt investigation and sanction do")
    abuses = _over(comparison, found.accountability, "abuses")
    said = _said(comparison, found.accountability)
    return (
        f"Prompt investigation and sanction ({arm_label(found.accountability)}): {said}, "
        f"and {fewer_or_more(abuses, MEASURES['abuses'].unit)} by national forces."
    )


# --- 4 --------------------------------------------------------------------------------------------------------------


def cost(comparison: Comparison, found: Roles) -> str:
    """At what cost: of each arm that costs anything, and where most of the money goes."""
    head = "At what cost?"
    arms = [arm.name for arm in comparison.design.treated if is_costed(comparison, arm.name)]
    if not arms:
        return f"{head} No arm costs more than the control. {_add('extra-tobs', 'what a package costs')}"
    wanted = [found.package, found.camp_bound, found.medics, found.strategy, found.accountability]
    wanted += [found.package_with_strategy.both] if found.package_with_strategy else []
    shown = [arm for arm in dict.fromkeys(wanted) if arm is not None and arm in arms] or arms
    window = since_start(_months(comparison))
    priced = [cost_of(comparison, arm, window, DEATHS) for arm in shown]
    said = "; ".join(
        f"{arm_label(c.arm)} US$ {money(c.cost.estimate)}, per death averted US$ {ratio_set(c.ratio)}" for c in priced
    )
    money_of = {s.arm: s for s in spending(comparison)}
    return (
        f"{head} From the first day of the run to month {_months(comparison)}, beyond the control: {said}. "
        f"{' '.join(_chances(priced, amount) for amount in SUMS)} {_where_it_goes(money_of[shown[0]])} "
        f"{stands_on(OF_COST, prices_too=True)}"
    )


def _chances(priced: list[CostFound], amount: float) -> str:
    chances = [f"{percent(c.acceptable[WORTH.index(amount)])} for {arm_label(c.arm)}" for c in priced]
    return (
        f"If averting a death is worth US$ {amount / MILLION:g} million, the chance that the cost is worth it is "
        f"{listed(chances)}."
    )


def _where_it_goes(found: Spending) -> str:
    item = max(found.by_item, key=lambda key: found.by_item[key])
    text = (
        f"The largest part of the money of {arm_label(found.arm)} goes to {item_label(item)} "
        f"({percent(found.by_item[item] / found.total)} of US$ {money(found.total)})."
    )
    if not any(found.by_operation.values()):
        return text
    at_bases, patrols = (percent(found.share(task)) for task in (("tob", "resting", "convoy"), ("patrol",)))
    never, between = (percent(found.share((kind,))) for kind in (NEVER_OUT, IN_CAMP))
    return (
        f"{text} Of what uniformed people cost, {at_bases} is for bases, their relief and supply, {patrols} for "
        f"patrols, {never} for engineers, aviation and police, and {between} for troops in camp between tasks."
    )
