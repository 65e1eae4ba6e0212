"""Every arm against the control under the same draws, and which arm is best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from abm.calendar import date_of
from abm.views.effects import Effect
from runs.analysis import HEADLINES, Difference, difference
from runs.answers import few_draws
from runs.compare import NEVER, Comparison
from runs.design import DECISION, FIRST_BASE, START, Design, after_clock, is_year, window_label
from runs.outcomes import MEASURES
from runs.phrases import NO_DIFFERENCE, NOT_RESOLVED, digits_for, identical, interval, number, percent, verdict
from runs.sections import Section, Table
from runs.statistics import LEVEL, level_held
from runs.studies.best import best_arm, best_in_words, best_rows, best_table, second_look_rows
from runs.studies.labels import label, value_label
from runs.studies.numbers import in_cell
from runs.studies.study import Study
from runs.tidy import difference_row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.batch.experiment import Experiment

KEY = "paired"
MOST_CHARTED = 12  # arms with a group of lines for each outcome; more are ordered in one list
POINTS = {
    "draws": "embedded draws of all parameters, from the posterior where they are calibrated and else from priors",
    "lhs": "a Latin hypercube over the ranges of the experiment",
    "sobol": "a Sobol sample over the ranges of the experiment",
    "morris": "trajectories over the ranges of the experiment",
    "factorial": "every combination of the listed values",
    "list": "the listed values",
}
NO_BELIEF = (
    "These sets were chosen to cover ranges, not drawn by how likely they are: intervals say what happens over the "
    "ranges, not what is believed."
)


def counted(design: Design) -> str:
    """From which day the months of a design's windows count, as a sentence."""
    decision = f"{value_label(date_of(design.decision))}, the decision"
    if design.count_from == START:
        return f"Months count from the first day of every run, {value_label(date_of(design.first_day))}."
    if design.count_from == DECISION:
        return f"Months count from {decision}, whatever arrives when."
    if not any(arm.package.units for arm in design.arms):
        return f"No arm has extra units, so months count from {decision}."
    return (
        "Months count from the day on which the first extra base opens in any arm, the same day for all arms of a draw "
        f"and seed; where none ever opens, from {decision}."
    )


def opened(comparison: Comparison) -> str:
    """In how many runs that day was found, where months count from it; else nothing."""
    design, clock = comparison.design, comparison.clock
    if design.count_from != FIRST_BASE or not any(arm.package.units for arm in design.arms):
        return ""
    return f" A base opens in {int((clock != NEVER).sum())} of {clock.size} draws and seeds."


def points_said(experiment: Experiment) -> str:
    """What the sets of parameters are, and what intervals over them therefore mean."""
    design = experiment.design
    text = f"{design.draws} sets of parameters × {design.seeds} seeds: {POINTS[experiment.sampling]}."
    return text if experiment.sampling == "draws" else f"{text} {NO_BELIEF}"


def outcomes_of(experiment: Experiment) -> tuple[str, ...]:
    """Outcomes of an experiment's tables: the main ones, then the usual headlines."""
    return tuple(dict.fromkeys((*experiment.main, *HEADLINES)))


def longest_window(design: Design) -> str:
    """Name of the longest window."""
    return after_clock(max(design.months))


def paired_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study:
    """Paired differences of every arm from the control, and which arm is best by the headline outcome.

    Tables of rows: ``paired`` (arm, window, outcome), ``best`` (arm) and ``second-look`` (half of the seeds).
    """
    design, headline = comparison.design, experiment.main[0]
    window = longest_window(design)
    found = [
        difference(comparison, arm.name, window, key)
        for window in comparison.windows
        for key in outcomes_of(experiment)
        for arm in design.treated
    ]
    shown = in_order([d for d in found if (d.window, d.key) == (window, headline)])
    best = best_arm(comparison, window, headline)
    paragraphs = [_how_many(shown), *few_draws(comparison)]
    paragraphs += best_in_words(experiment, best) if best else [f"{_name(headline)}: {NO_BEST}"]
    paragraphs += [_setting(experiment, comparison), READING]
    tables = [_headline_table(experiment, shown)]
    tables += [best_table(experiment, best)] if best else []
    tables += [_by_window(experiment, comparison, found, key) for key in outcomes_of(experiment)]
    rows = {"paired": [difference_row(d, design.control.name) for d in found]}
    if best:
        rows |= {"best": best_rows(best), "second-look": second_look_rows(best)}
    section = Section(KEY, "Every arm against the control", tuple(paragraphs), tuple(tables), figure=KEY)
    return Study(section, rows, _figure(experiment, comparison, shown, found, run_hash))


NO_BEST = "whether more or fewer is better is a judgement, so no arm is called best."
READING = (
    "Each difference is a treated run less the control run of the same set of parameters, world and seed. The interval "
    f"says where the mean of many futures may lie ({percent(LEVEL)}), given what is not known about the parameters; "
    "Monte Carlo error, the part that more runs would shrink, is in it and is also shown apart. Where the interval "
    f"crosses zero it says “{NOT_RESOLVED}”; where all pairs of runs are the same, “{NO_DIFFERENCE}”. Intervals are "
    "not widened for the number of arms: of many arms without any effect, about one in ten would look resolved. All "
    "windows and outcomes are in the Parquet table."
)


def _name(key: str) -> str:
    return MEASURES[key].label.capitalize()


def _setting(experiment: Experiment, comparison: Comparison) -> str:
    design = comparison.design
    arms = len(design.treated)
    return (
        f"{arms} {'arm' if arms == 1 else 'arms'} against {label(experiment, design.control.name)}, each under the "
        f"same {points_said(experiment)} {counted(design)}{opened(comparison)}"
    )


def _how_many(shown: Sequence[Difference]) -> str:
    """How many arms have fewer, more, the same, or nothing that is resolved."""
    draws = [d.summary for d in shown]
    same = sum(identical(summary) for summary in draws)
    fewer = sum(summary.effect[1] < 0.0 for summary in draws)
    more = sum(summary.effect[0] > 0.0 for summary in draws)
    rest = len(draws) - same - fewer - more
    where = f"{_name(shown[0].key)}, {window_label(shown[0].window)}"
    return (
        f"{where}: resolved as fewer than in the control in {fewer} of {len(draws)} arms, as more in {more}; "
        f"{NOT_RESOLVED} in {rest}; {NO_DIFFERENCE} in any pair of runs in {same}."
    )


def in_order(found: Sequence[Difference]) -> list[Difference]:
    """Few arms in the order given, many by their estimates."""
    if len(found) <= MOST_CHARTED:
        return list(found)
    return sorted(found, key=lambda d: d.summary.spread.estimate)


# --- tables ---------------------------------------------------------------------------------------------------------

HEADERS = ("Arm", "Outcome in the arm", "Difference", "90 % interval", "Change", "Monte Carlo error", "Verdict")


def _headline_table(experiment: Experiment, shown: Sequence[Difference]) -> Table:
    control = shown[0].summary.control
    caption = f"{_name(shown[0].key)}, {window_label(shown[0].window)}; control {number(control)}"
    rows = tuple(_headline_row(label(experiment, d.arm), d) for d in shown)
    return Table(HEADERS, rows, words=(0, 6), brief=(0, 2, 3, 4, 6), caption=caption)


def _headline_row(arm: str, found: Difference) -> tuple[str, ...]:
    summary = found.summary
    digits = digits_for(summary.spread.estimate, *summary.effect)
    return (
        arm,
        number(found.treated),
        number(summary.spread.estimate, digits, signed=True),
        interval(summary.effect, digits),
        percent(summary.relative, 1, signed=True),
        number(summary.spread.monte_carlo_se, digits_for(summary.spread.monte_carlo_se)),
        verdict(summary),
    )


def _by_window(experiment: Experiment, comparison: Comparison, found: Sequence[Difference], key: str) -> Table:
    """One outcome: a row an arm, a column a window."""
    windows = [after_clock(months) for months in sorted(comparison.design.months)]
    windows += [window for window in comparison.windows if is_year(window)]
    cells = {(d.arm, d.window): in_cell(d.summary.spread.estimate, d.summary.effect) for d in found if d.key == key}
    rows = tuple(
        (label(experiment, arm.name), *(cells[arm.name, window] for window in windows))
        for arm in comparison.design.treated
    )
    headers = ("Arm", *(window_label(window).capitalize() for window in windows))
    return Table(headers, rows, caption=f"Differences by window: {MEASURES[key].label}", folded=True)


# --- figure ---------------------------------------------------------------------------------------------------------


def _figure(
    experiment: Experiment,
    comparison: Comparison,
    shown: Sequence[Difference],
    found: Sequence[Difference],
    run_hash: str | None,
) -> Figure:
    level = level_held(comparison.design.draws)
    if len(shown) > MOST_CHARTED:
        from abm.views.ranked import draw_ranked

        return draw_ranked([effect_of(experiment, d) for d in shown], level=level, run_hash=run_hash)
    from abm.views.comparison import draw_comparison

    window = longest_window(comparison.design)
    lines = [effect_of(experiment, d) for key in experiment.main for d in found if (d.window, d.key) == (window, key)]
    return draw_comparison(lines, level=level, run_hash=run_hash)


def effect_of(experiment: Experiment, found: Difference) -> Effect:
    """A difference as a line of a chart."""
    summary = found.summary
    return Effect(
        label(experiment, found.arm),
        f"{_name(found.key)}, {window_label(found.window)}",
        summary.spread.estimate,
        *summary.effect,
        *summary.future,
        resolved=summary.resolved or identical(summary),
        unit=MEASURES[found.key].unit,
    )
