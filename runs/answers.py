"""The answer in plain words, and beside it where the model does badly."""

from __future__ import annotations

from collections.abc import Callable

from abm.views.words import say
from runs.analysis import clock, costs, difference, interactions
from runs.check2020 import CERCLE, KIND, TOTAL, Check, CheckLine, record_source
from runs.compare import Comparison
from runs.design import after_clock, arm_label
from runs.outcomes import MEASURES
from runs.phrases import NOT_RESOLVED, change, interval, listed, money, number, ratio_set
from runs.sections import Section, Table

ANSWERED = ("civilian_attacks", "civilian_deaths", "abuses")
HYPOTHETICAL = (
    "After 2021 everything here is hypothetical: the actors changed in 2022 and the mission closed in 2023. The "
    "package was proposed in July 2021 and not adopted."
)


def answer(comparison: Comparison) -> Section:
    """The question answered in plain words from the numbers."""
    longest = max(comparison.design.months)
    paragraphs = [_setting(comparison, longest)]
    paragraphs += [_effect_of(comparison, arm.name, longest) for arm in comparison.design.treated]
    paragraphs += [_together(comparison, longest)] if comparison.design.factorial is not None else []
    return Section("answer", "What the runs say", (*paragraphs, HYPOTHETICAL, say("caveat")))


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
        f"Each arm ran {design.draws * design.seeds} times ({runs}), every time under the same draws as "
        f"{arm_label(design.control.name)}. {since} Over the {months} months from then, against the control:"
    )


def _effect_of(comparison: Comparison, arm: str, months: int) -> str:
    window = after_clock(months)
    parts = []
    for key in ANSWERED:
        found = difference(comparison, arm, window, key)
        parts.append(f"{MEASURES[key].label} {change(found.summary, MEASURES[key].unit)}")
    text = f"With {arm_label(arm)}: {'; '.join(parts)}."
    for cost in costs(comparison):
        if cost.arm == arm and cost.window.endswith(f"-{months}") and cost.key == "civilian_deaths":
            text += (
                f" The extra people cost US$ {money(cost.cost.estimate)} by then; cost per death averted, US$: "
                f"{ratio_set(cost.ratio)}."
            )
    return text


def _together(comparison: Comparison, months: int) -> str:
    window = after_clock(months)
    found = next(i for i in interactions(comparison) if i.window == window and i.key == "civilian_attacks").found
    text = f"{number(found.ratio, 2)} ({number(found.low, 2)} to {number(found.high, 2)})"
    if found.resolved:
        kind = "strengthen" if found.ratio < 1.0 else "weaken"
        return f"Together the two {kind} each other: attacks are {text} times what the single effects would give."
    return f"Whether the two strengthen each other is {NOT_RESOLVED}: ratio {text}, where 1 is no interaction."


# --- the record -----------------------------------------------------------------------------------------------------


def against_record(check: Check) -> Section:
    """The year 2020 simulated and observed, the worst first."""
    outside = [line for line in check.of(KIND, "events") if not line.inside]
    places = [line for line in check.of(CERCLE, "events") if not line.inside]
    deaths = check.of(TOTAL, "deaths")[0]
    bad = listed([f"{_kind(line)} ({number(line.error, 0, signed=True)})" for line in outside])
    first = f"Outside the range of {check.runs} runs: {bad}." if outside else "No kind lies outside the range of runs."
    wrong = listed([f"{line.name} ({number(line.error, 0, signed=True)})" for line in places])
    second = f"By cercle, outside the range: {wrong}." if places else "No cercle lies outside the range of runs."
    third = (
        f"All deaths: {number(deaths.simulated, 0)} simulated ({interval((deaths.low, deaths.high), 0, False)}), "
        f"{deaths.observed} recorded."
    )
    left_out = listed([f"{name} ({events})" for name, events in sorted(check.left_out.items())])
    source = (
        f"The rates were fitted to this same year: this is no forecast. Not modelled: {left_out}. {record_source()}."
    )
    tables = (
        _check_table("By kind", check.of(KIND, "events"), check.of(KIND, "deaths"), _kind),
        _check_table("By cercle", check.of(CERCLE, "events"), check.of(CERCLE, "deaths"), lambda line: line.name),
    )
    return Section(
        "check", "Where the model does badly: 2020 again", (first, second, third, source), tables, figure="check-2020"
    )


def _kind(line: CheckLine) -> str:
    return say(line.name)


def _check_table(
    caption: str, events: list[CheckLine], deaths: list[CheckLine], label: Callable[[CheckLine], str]
) -> Table:
    by_name = {line.name: line for line in deaths}
    rows = []
    for line in events:
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
