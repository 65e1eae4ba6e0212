"""The half page that most readers read: what the runs say, what nobody knows, and what a brief is not for."""

from __future__ import annotations

from dataclasses import dataclass

from abm.calendar import date_of
from abm.views.words import say
from runs.answers import FITTED, HYPOTHETICAL, few_draws
from runs.compare import NEVER
from runs.design import DECISION, START, window_label
from runs.levers import coverage, places_caution
from runs.phrases import NOT_RESOLVED, THIN, digits_for, fewer_or_more, identical, interval, listed, number
from runs.sections import Table
from runs.studies.brief_arms import ATTACKS, DEATHS, Ranking, outcome_label, rank
from runs.studies.brief_figures import Picture, capital, options_picture
from runs.studies.brief_policy import COST, cheapest_said, priced
from runs.studies.brief_told import Answer, Told, best_said, curse_said, named, ranking_table, tied_said
from runs.studies.labels import value_label

LISTED = ("factorial", "list", "morris")  # sets of parameters that are no sample of what is believed
SETS = {
    "draws": "drawn from what is known and believed about each number",
    "lhs": "spread evenly over the ranges that the experiment sets",
    "sobol": "spread evenly over the ranges that the experiment sets",
    "morris": "steps through the ranges that the experiment sets",
    "factorial": "every combination of the values that the experiment lists",
    "list": "the values that the experiment lists",
}
FITTED_IN_SHORT = (
    "Known: the level of violence, who attacks whom and how attacks follow each other are fitted to recorded events of "
    "2017 to 2020."
)
NO_VILLAGE = (
    "Never as a forecast: settlements are invented, and no number here is about a named village, community or day."
)
NO_REASON = "Never as a reason to send nobody: a low number is no evidence that people are safe."
NO_PROOF = (
    "Never as proof that a policy works: that bases prevent attacks was put in, how much follows from assumptions."
)


@dataclass(frozen=True)
class Summary:
    """Sentences of the first half page."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]
    never: tuple[str, ...]


def summary_of(told: Told, ranking: Ranking) -> Summary:
    """What is known, what is not, and what this must not be used for."""
    found = priced(told)
    settled = not ranking.level_with_first
    known = [f"{best_said(told, ranking)} {tied_said(told, ranking) if settled else ''}", *_attacks(told, ranking)]
    known += [cheapest_said(told, found)] if found else []
    unknown = [*few_draws(told.comparison), *_unresolved(told, ranking)]
    unknown += [_not_apart(told, ranking)] if not settled else []
    unknown += [curse_said(told, ranking), *_sets_said(told), FITTED, HYPOTHETICAL]
    never = (say("caveat"), NO_VILLAGE, NO_REASON, NO_PROOF, *places_caution(told.design))
    return Summary((*known, FITTED_IN_SHORT), tuple(filter(None, unknown)), never)


def _not_apart(told: Told, ranking: Ranking) -> str:
    """That the best cannot be told from others."""
    first, tied = told.quoted(ranking.first.arm), named(told, ranking.level_with_first)
    return f"Whether {first} is the best option is {NOT_RESOLVED}: it cannot be told from {tied}."


def _attacks(told: Told, ranking: Ranking) -> tuple[str, ...]:
    """The same option by attacks, or by deaths where options are ranked by attacks."""
    other = ATTACKS if told.key != ATTACKS else DEATHS
    effect = told.effect(ranking.first.arm, other)
    if identical(effect):
        return ()
    return (f"With {told.quoted(ranking.first.arm)} there are {fewer_or_more(effect, outcome_label(other))}.",)


def _unresolved(told: Told, ranking: Ranking) -> tuple[str, ...]:
    """Options whose effect may be of either sign."""
    found = [line.arm for line in ranking.lines if not line.effect.resolved and not identical(line.effect)]
    if not found or len(ranking.lines) == 1:
        return ()
    verb = "is" if len(found) == 1 else "are"
    return (
        f"The effect on {told.unit} of {named(told, found)} ({len(found)} of {len(ranking.lines)} options) {verb} "
        f"{NOT_RESOLVED}: it may be of either sign.",
    )


def _sets_said(told: Told) -> tuple[str, ...]:
    """That intervals are no belief, or are too narrow, by how the sets of parameters were chosen."""
    file = told.experiment.file.uncertainties
    said = []
    if told.experiment.sampling in LISTED:
        said.append(
            f"The sets of parameters are {SETS[told.experiment.sampling]}, not a sample: intervals say what happens "
            "over those values, not what is believed."
        )
    if told.experiment.sampling != "draws" and file.base == "default":
        count = len(told.experiment.uncertainties)
        said.append(
            f"Only {count} {'number varies' if count == 1 else 'numbers vary'} here and all others keep one value, so "
            "intervals are narrower than what is not known."
        )
    if not told.experiment.intervals:
        said.append("The experiment asked for no intervals, and has too few seeds for those shown here to be trusted.")
    return tuple(said)


# --- the options ----------------------------------------------------------------------------------------------------


def options_table(told: Told) -> Table:
    """What each option is; of a factorial, its factors with their values."""
    design, experiment = told.design, told.experiment
    rows = [(f"{told.name(design.control.name)} (the control)", design.control.title)]
    rows += [(told.name(arm.name), arm.title) for arm in design.treated if arm.name not in experiment.levels]
    for factor in experiment.factors:
        values = listed([value_label(value) for value in factor.values])
        rows.append((f"Varied: {factor.label}", values))
    return Table(("Option", "What it is"), tuple(rows), words=(0, 1), caption="The options")


def all_options(told: Told, ranking: Ranking) -> tuple[Picture, Table]:
    """Every option of the experiment by the headline outcome."""
    lines = [(line.arm, line.effect) for line in ranking.lines]
    image = options_picture("options", told.experiment, told.comparison, lines, told.key, told.run_hash)
    return image, ranking_table(told, ranking, f"All {len(lines)} options by {told.unit}, the fewest first")


def ranking_of_all(told: Told) -> Ranking:
    """Every option by the headline outcome."""
    return rank(told.comparison, tuple(arm.name for arm in told.design.treated), told.key)


def shows_all_options(told: Told, answers: tuple[Answer, ...]) -> bool:
    """Whether a figure of all options says more than those of the questions."""
    tables = [len(answer.tables[0].rows) for answer in answers if answer.tables and answer.key != COST]
    return len(told.design.treated) > 1 and len(told.design.treated) not in tables


def grid_table(told: Told) -> Table | None:
    """A factorial of two factors as a grid of effects; None for any other experiment."""
    factors, levels = told.experiment.factors, told.experiment.levels
    if len(factors) != 2:
        return None
    rows_by, columns_by = factors
    arms = {(level[rows_by.name], level[columns_by.name]): arm for arm, level in levels.items()}
    rows = tuple(
        (value_label(row), *(_grid_cell(told, arms[row, column]) for column in columns_by.values))
        for row in rows_by.values
    )
    headers = (
        f"{capital(rows_by.label)} (down), {columns_by.label} (across)",
        *(value_label(value) for value in columns_by.values),
    )
    window = window_label(f"months-{told.months[-1]}")
    caption = f"{told.unit.capitalize()}, difference from the control, {window}, with {told.level} intervals"
    return Table(headers, rows, words=(0,), caption=caption)


def _grid_cell(told: Told, arm: str) -> str:
    effect = told.effect(arm)
    digits = digits_for(effect.spread.estimate, *effect.effect)
    text = f"{number(effect.spread.estimate, digits, signed=True)} ({interval(effect.effect, digits)})"
    return text if effect.resolved else f"{text}, {NOT_RESOLVED}"


def setting(told: Told) -> str:
    """How the options were compared, in plain words."""
    design, comparison = told.design, told.comparison
    control, window = told.quoted(design.control.name), f"months-{told.months[-1]}"
    total = f"{design.draws * design.seeds:,}".replace(",", THIN)
    mean = float(comparison.values[design.control.name, window, told.key].mean())
    return (
        f"{coverage(design)}Every option was run {total} times: under {design.draws} sets of numbers that nobody knows "
        f"exactly ({SETS[told.experiment.sampling]}), {design.seeds} times each, and every run is held against the "
        f"control ({control}) under the same numbers and the same chance. {_counted_from(told)} Over the "
        f"{window_label(window)} the control has {number(mean, 0)} {told.unit} on average. Attacks and deaths are "
        f"expected numbers. The interval in brackets holds {told.level} of what the effect may be; where it holds both "
        f"fewer and more, the effect is {NOT_RESOLVED}."
    )


def _counted_from(told: Told) -> str:
    design = told.design
    decision = value_label(date_of(design.decision))
    if design.count_from == START:
        return f"Months count from {value_label(date_of(design.first_day))}, the first day of every run."
    if design.count_from == DECISION or not any(arm.package.units for arm in design.arms):
        return f"Months count from {decision}, the decision."
    opened = int((told.comparison.clock != NEVER).sum())
    return (
        f"Months count from the day the first extra base works, found in {opened} of {told.comparison.clock.size} "
        f"pairs of runs; else from {decision}, the decision."
    )
