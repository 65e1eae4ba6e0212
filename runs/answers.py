"""The answer in plain words, and beside it where the model does badly."""

from __future__ import annotations

from collections.abc import Callable

from abm.geography import CERCLE_LABELS, CERCLES
from abm.views.words import say
from runs.analysis import clock, difference, interaction_of
from runs.check2020 import CERCLE, KIND, TOTAL, Check, CheckLine, record_source, worst_first
from runs.compare import Comparison
from runs.design import Factorial, after_clock, arm_label, since_start
from runs.findings import no_interaction
from runs.levers import coverage, places_caution
from runs.outcomes import MEASURES
from runs.phrases import (
    NOT_RESOLVED,
    change,
    digits_for,
    guarded,
    interval,
    is_first_look,
    listed,
    money,
    number,
    percent,
    ratio_set,
)
from runs.sections import Section, Table
from runs.statistics import level_held
from runs.worth import assumed_prices, cost_of, is_costed

# Deaths as expected numbers: in their counts a few massacres hide what the parameters do, and the interval would look
# narrower than what is known.
ANSWERED = ("civilian_attacks", "expected_civilian_deaths", "abuses")
COSTED = "expected_civilian_deaths"
EXPECTED = (
    "Deaths are expected numbers here: averaged over the last draw of each attack, which carries most of the noise of "
    "single runs. The tables show the counts too."
)
FITTED = (
    "How far bases, accountability and the strategy change violence was not fitted to data: it is drawn from published "
    "estimates and assumptions. These figures say what follows from them, not that they are true."
)
HYPOTHETICAL = (
    "After 2021 everything here is hypothetical: the actors changed in 2022 and the mission closed in 2023. The "
    "package was proposed in July 2021 and not adopted."
)


def answer(comparison: Comparison) -> Section:
    """The question answered in plain words from the numbers."""
    longest = max(comparison.design.months)
    paragraphs = [_setting(comparison, longest)]
    paragraphs += [_effect_of(comparison, arm.name, longest) for arm in comparison.design.treated]
    paragraphs += [_together(comparison, longest, factorial) for factorial in comparison.design.factorials]
    return Section(
        "answer",
        "What the runs say",
        (
            *paragraphs,
            *few_draws(comparison),
            *places_caution(comparison.design),
            *assumed_prices(comparison.design),
            EXPECTED,
            FITTED,
            HYPOTHETICAL,
            say("caveat"),
        ),
    )


def few_draws(comparison: Comparison) -> tuple[str, ...]:
    """A warning where there are too few sets of parameters for intervals of 90 %."""
    draws = comparison.design.draws
    if not is_first_look(draws):
        return ()
    return (
        f"With only {draws} sets of parameters the intervals of effects hold at most {percent(level_held(draws))} of "
        "what further sets would give, not 90 %: a first look, no finding.",
    )


def _setting(comparison: Comparison, months: int) -> str:
    design, when = comparison.design, clock(comparison)
    runs = f"{design.draws} sets of parameters × {design.seeds} seeds"
    if when.dates is None:
        since = "No extra base opens in any run, so months count from the decision."
    else:
        low, middle, high = (f"{day:%B %Y}" for day in when.dates)
        never = when.runs - when.opened
        rest = f"; in {never} it never opens, and months count from the decision" if never else ""
        since = (
            f"The first extra base opens in {when.opened} of {when.runs} runs, in {middle} in the middle case "
            f"({low} to {high}){rest}."
        )
    return (
        f"{coverage(design)}Each arm ran {design.draws * design.seeds} times ({runs}), every time under the same "
        f"draws as {arm_label(design.control.name)}. {since} Over the {months} months from then, against the control:"
    )


def _effect_of(comparison: Comparison, arm: str, months: int) -> str:
    window = after_clock(months)
    parts = []
    for key in ANSWERED:
        found = difference(comparison, arm, window, key)
        label = MEASURES[key].label.removesuffix(", expected")
        parts.append(f"{label} {change(found.summary, MEASURES[key].unit)}")
    text = f"With {arm_label(arm)}: {'; '.join(parts)}."
    if is_costed(comparison, arm):
        cost = cost_of(comparison, arm, since_start(months), COSTED)
        text += (
            f" Extra people and civilian work cost US$ {money(cost.cost.estimate)} by then, counted from the first day "
            f"of the run; in that time deaths averted are {number(cost.averted.spread.estimate, signed=True)} "
            f"({interval(cost.averted.effect)}); cost per death averted, US$: {ratio_set(cost.ratio)}."
        )
    return text


def _together(comparison: Comparison, months: int, factorial: Factorial) -> str:
    found = interaction_of(comparison, factorial, after_clock(months), "civilian_attacks").found
    text = f"{number(found.ratio, 3)} ({interval((found.low, found.high), 3, signed=False)})"
    two = f"{arm_label(factorial.first)} and {arm_label(factorial.second)}"
    if found.resolved:
        kind = "strengthen" if found.ratio < 1.0 else "weaken"
        found_to = guarded(f"Together, {two} {kind} each other", comparison.design.draws)
        return f"{found_to}: attacks are {text} times what the single effects would give."
    if no_interaction(found):
        return f"Together, {two} neither strengthen nor weaken each other: attacks are what the single effects give."
    return f"Whether {two} strengthen each other is {NOT_RESOLVED}: ratio {text}, where 1 is no interaction."


# --- the record -----------------------------------------------------------------------------------------------------


def against_record(check: Check) -> Section:
    """The year 2020 simulated and observed, the worst first."""
    groups = [(by, what) for by in (KIND, CERCLE, TOTAL) for what in ("events", "deaths")]
    worst = sorted(groups, key=lambda group: min(worst_first(line) for line in check.of(*group)))
    verdicts = tuple(_total(check, what) if by == TOTAL else _outside(check, by, what) for by, what in worst)
    left_out = listed([f"{name} ({events})" for name, events in sorted(check.left_out.items())])
    source = (
        f"The rates were fitted to this same year: this is no forecast. Not modelled: {left_out}. "
        f"Record: {record_source()}."
    )
    tables = (
        _check_table("By kind", check.of(KIND, "events"), check.of(KIND, "deaths"), _kind),
        _check_table("By cercle", check.of(CERCLE, "events"), check.of(CERCLE, "deaths"), _cercle),
    )
    return Section("check", "Where the model does badly: 2020 again", (*verdicts, source), tables, figure="check-2020")


def _outside(check: Check, by: str, what: str) -> str:
    """Where the record lies outside the range of runs; otherwise the largest relative errors; the worst first."""
    lines = sorted(check.of(by, what), key=worst_first)
    outside = [line for line in lines if not line.inside]
    label = _kind if by == KIND else _cercle
    errors = listed([f"{label(line)} ({_error(line)})" for line in outside or lines[:3]])
    if outside:
        return f"{what.capitalize()} by {by}, record outside the range of {check.runs} runs: {errors}."
    return f"Largest relative errors, {what} by {by}: {errors}; all inside the range of {check.runs} runs."


def _error(line: CheckLine) -> str:
    """Error as a number, and as a share where something was recorded."""
    share = f", {percent(line.relative, 0, signed=True)}" if line.observed else ", none recorded"
    return f"{number(line.error, digits_for(line.error), signed=True)}{share}"


def _total(check: Check, what: str) -> str:
    (line,) = check.of(TOTAL, what)
    where = "" if line.inside else ", record outside the range"
    return (
        f"All {what}: {number(line.simulated, 0)} simulated ({interval((line.low, line.high), 0, False)}), "
        f"{number(line.observed, 0)} recorded ({_error(line)}){where}."
    )


def _cercle(line: CheckLine) -> str:
    return CERCLE_LABELS[CERCLES.index(line.name)]


def _kind(line: CheckLine) -> str:
    return say(line.name)


def _check_table(
    caption: str, events: list[CheckLine], deaths: list[CheckLine], label: Callable[[CheckLine], str]
) -> Table:
    by_name = {line.name: line for line in deaths}
    rows = []
    for line in sorted(events, key=lambda line: min(worst_first(line), worst_first(by_name[line.name]))):
        dead = by_name[line.name]
        rows.append(
            (
                label(line),
                number(line.simulated, 1),
                str(line.observed),
                number(line.error, 1, signed=True),
                interval((line.low, line.high), 0, False),
                "" if line.inside else "outside",
                number(dead.simulated, 0),
                str(dead.observed),
                number(dead.error, 0, signed=True),
                interval((dead.low, dead.high), 0, False),
                "" if dead.inside else "outside",
            )
        )
    headers = (
        "", "Events simulated", "observed", "error", "90 % of runs", "record",
        "Deaths simulated", "observed", "error", "90 % of runs", "record",
    )  # fmt: skip
    return Table(headers, tuple(rows), caption=caption)
