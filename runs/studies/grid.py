"""How outcomes answer to the levels of a factorial: level by level, step by step, and two factors together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from runs.answers import few_draws
from runs.compare import Comparison
from runs.design import after_clock, window_label
from runs.findings import interaction_verdict
from runs.outcomes import MEASURES
from runs.phrases import NO_DIFFERENCE, NOT_RESOLVED, digits_for, guarded, interval, number
from runs.sections import Section, Table
from runs.studies.labels import factor_label, label, level_label, value_label
from runs.studies.levels import Contrast, contrast, difference_at, written
from runs.studies.paired import counted, longest_window, points_said
from runs.studies.responses import (
    DOES_LESS,
    DOES_MORE,
    Crossing,
    Marginal,
    Step,
    crossings_of,
    levels_by_name,
    marginals_of,
    steps_of,
)
from runs.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from abm.views.grid import HeatMap, Response
    from runs.batch.experiment import Experiment

KEY = "grid"
MOST_MAPS = 4


def grid_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study | None:
    """Responses of the main outcomes to each factor of a factorial; None without one.

    Tables of rows: ``grid-levels`` (factor, level), ``grid-steps``, ``grid-cells`` (arm) and ``grid-interactions``;
    all for every main outcome and every window from the day that months count from.
    """
    if not experiment.factors:
        return None
    design = comparison.design
    windows = [after_clock(months) for months in design.months]
    asked = list(product(windows, experiment.main))
    marginals = [m for window, key in asked for m in marginals_of(experiment, comparison, window, key)]
    taken = [s for window, key in asked for s in steps_of(experiment, comparison, window, key)]
    crossed = [c for window, key in asked for c in crossings_of(experiment, comparison, window, key)]
    cells = {
        (arm, window, key): contrast(difference_at(experiment, comparison, window, key, experiment.levels[arm]))
        for window, key in asked
        for arm in experiment.levels
    }
    longest = longest_window(design)
    marginals_shown = [one for one in marginals if one.window == longest]
    taken_shown = [one for one in taken if one.window == longest]
    crossed_shown = [one for one in crossed if one.window == longest]
    tables = [
        _levels_table(experiment, marginals_shown, design.draws),
        _steps_table(experiment, taken_shown, design.draws),
        *([_crossing_table(experiment, crossed_shown, design.draws)] if crossed else []),
        *_cells_tables(experiment, cells, longest),
    ]
    paragraphs = (
        *(_steps_in_words(experiment, taken_shown, factor) for factor in levels_by_name(experiment)),
        *(_crossing_in_words(experiment, one) for one in crossed_shown if one.key == experiment.main[0]),
        *few_draws(comparison),
        _setting(experiment, comparison),
    )
    section = Section(KEY, "Level by level", paragraphs, tuple(table for table in tables if table.rows), figure=KEY)
    rows = {
        "grid-levels": [_marginal_row(one) for one in marginals],
        "grid-steps": [_step_row(one) for one in taken],
        "grid-cells": [_cell_row(experiment, place, found) for place, found in cells.items()],
        "grid-interactions": [_crossing_row(one) for one in crossed],
    }
    return Study(section, rows, _figure(experiment, comparison, marginals_shown, longest, run_hash))


# --- words ----------------------------------------------------------------------------------------------------------


def side(found: Contrast, draws: int) -> str:
    """Whether a contrast is fewer, more, nothing or not resolved, in words."""
    if found.nothing:
        return NO_DIFFERENCE
    return guarded("fewer" if found.estimate < 0.0 else "more", draws) if found.resolved else NOT_RESOLVED


def _setting(experiment: Experiment, comparison: Comparison) -> str:
    factors = "; ".join(
        f"{factor_label(levels.factor)} ({levels.factor.label}): {', '.join(map(value_label, levels.values))}"
        for levels in levels_by_name(experiment).values()
    )
    return (
        f"Every combination of {factors}. Each level is shown by the mean of all arms that have it, held against the "
        f"same control: an average over the levels of the other factors, which weigh equally whether or not they are "
        "equally likely; where factors interact, no single combination need behave like it. Steps are differences "
        f"between levels run by run. {points_said(experiment)} {counted(comparison.design)}"
    )


def _steps_in_words(experiment: Experiment, taken: Sequence[Step], factor: str) -> str:
    """What the steps of one factor add to the headline outcome."""
    key = experiment.main[0]
    found = [step for step in taken if (step.factor, step.key) == (factor, key)]
    levels = levels_by_name(experiment)[factor]
    name, unit = factor_label(levels.factor).capitalize(), MEASURES[key].unit
    if not found:
        return f"{name} has one level: nothing can be said about it."
    if levels.positions is None:
        first = level_label(levels.factor, found[0].before)
        text = "; ".join(f"{value_label(step.after)} {written(step.found)}" for step in found)
        return f"{name}, beside {first}, {MEASURES[key].label}: {text}."
    text = "; ".join(
        f"from {value_label(step.before)} to {value_label(step.after)} "
        f"{written(step.each) if step.each is not None else '–'}"
        for step in found
    )
    return f"{name}, {unit} for each {levels.unit} more, {MEASURES[key].label}: {text}. {_returns(found)}"


def _returns(found: Sequence[Step]) -> str:
    """Whether returns diminish along a factor."""
    bent = [step for step in found if step.bend is not None]
    if not bent:
        return "With two levels nothing can be said about diminishing returns."
    words = [step.returns for step in bent]
    last = bent[-1]
    whole = (
        f"For each, the last step differs from the first by {written(last.since_first)}." if last.since_first else ""
    )
    if set(words) == {NOT_RESOLVED}:
        return f"Whether returns diminish from one step to the next is {NOT_RESOLVED}. {whole}"
    told = [
        f"{_less_or_more(step)} from {value_label(step.before)} to {value_label(step.after)}"
        for step in bent
        if step.returns != NOT_RESOLVED
    ]
    rest = f"; {NOT_RESOLVED} at the other levels" if NOT_RESOLVED in words else ""
    kind = "Returns diminish" if DOES_LESS in words and DOES_MORE not in words else "Returns change"
    return f"{kind}: each adds, beside the step before, {', '.join(told)}{rest}. {whole}"


def _less_or_more(step: Step) -> str:
    return "less" if step.returns == DOES_LESS else "more"


def _crossing_in_words(experiment: Experiment, one: Crossing) -> str:
    first, second = (factor_label(levels_by_name(experiment)[name].factor) for name in one.factors)
    head = f"{first.capitalize()} and {second} together, {MEASURES[one.key].label}"
    if one.found.nothing:
        return f"{head}: in every run what the sum of the two alone gives."
    text = f"{head}: beyond the sum of the two alone, over their whole ranges, {written(one.found)}"
    if not one.found.resolved:
        return f"{text}: whether they help or hinder each other is open."
    return f"{text}: {'fewer' if one.found.estimate < 0.0 else 'more'} {MEASURES[one.key].unit} than one by one."


# --- tables ---------------------------------------------------------------------------------------------------------


def _numbers(found: Contrast) -> tuple[str, str, str]:
    digits = digits_for(found.estimate, *found.interval)
    error = number(found.monte_carlo_se, digits_for(found.monte_carlo_se))
    return number(found.estimate, digits, signed=True), interval(found.interval, digits), error


def _levels_table(experiment: Experiment, found: Sequence[Marginal], draws: int) -> Table:
    factors = levels_by_name(experiment)
    rows = tuple(
        (
            MEASURES[one.key].label,
            level_label(factors[one.factor].factor, one.value),
            *_numbers(one.found),
            side(one.found, draws),
        )
        for one in found
    )
    headers = ("Outcome", "Level", "Difference from the control", "90 % interval", "Monte Carlo error", "Verdict")
    return Table(headers, rows, words=(0, 1, 5), caption=f"Level by level, {_window(found)}")


def _window(found: Sequence[Marginal]) -> str:
    return window_label(found[0].window)


def _steps_table(experiment: Experiment, found: Sequence[Step], draws: int) -> Table:
    factors = levels_by_name(experiment)
    rows = tuple(
        (
            MEASURES[one.key].label,
            factor_label(factors[one.factor].factor),
            f"{value_label(one.before)} to {value_label(one.after)}",
            *_numbers(one.found),
            side(one.found, draws),
            "–" if one.each is None else written(one.each),
            guarded(one.returns, draws) if one.returns in (DOES_LESS, DOES_MORE) else one.returns,
        )
        for one in found
    )
    headers = (
        "Outcome", "Factor", "Step", "What it adds", "90 % interval", "Monte Carlo error", "Verdict", "For one unit",
        "Returns",
    )  # fmt: skip
    caption = "What each step adds; levels of a category beside the first one"
    return Table(headers, rows, words=(0, 1, 2, 6, 8), brief=(0, 1, 2, 3, 4, 6, 8), caption=caption)


def _crossing_table(experiment: Experiment, found: Sequence[Crossing], draws: int) -> Table:
    factors = levels_by_name(experiment)
    rows = tuple(
        (
            MEASURES[one.key].label,
            " × ".join(factor_label(factors[name].factor) for name in one.factors),
            *_numbers(one.found),
            side(one.found, draws),
            f"{number(one.ratio.ratio, 3)} ({interval((one.ratio.low, one.ratio.high), 3, signed=False)})",
            interaction_verdict(one.ratio, draws),
        )
        for one in found
    )
    headers = (
        "Outcome", "Factors", "Beyond the sum", "90 % interval", "Monte Carlo error", "Verdict",
        "Ratio to the product, 90 %", "Verdict",
    )  # fmt: skip
    caption = (
        "Two factors together: over their ranges, beyond the sum of each alone; and with both at their highest level, "
        "as a ratio to the product of each alone"
    )
    return Table(headers, rows, words=(0, 1, 5, 7), caption=caption)


Cells = dict[tuple[str, str, str], Contrast]


def _cells_tables(experiment: Experiment, cells: Cells, window: str) -> Iterator[Table]:
    """Every combination: a table an outcome, folded."""
    for key in experiment.main:
        rows = tuple((label(experiment, arm), written(cells[arm, window, key])) for arm in experiment.levels)
        caption = f"Every combination, {MEASURES[key].label}, {window_label(window)}"
        yield Table(("Arm", "Difference from the control, 90 % interval"), rows, caption=caption, folded=True)


# --- rows -----------------------------------------------------------------------------------------------------------


def _plain(found: Contrast | None, prefix: str = "") -> dict[str, float | bool | None]:
    if found is None:
        return dict.fromkeys((f"{prefix}difference", f"{prefix}low", f"{prefix}high", f"{prefix}resolved"))
    return {
        f"{prefix}difference": found.estimate, f"{prefix}low": found.interval[0], f"{prefix}high": found.interval[1],
        f"{prefix}resolved": found.resolved,
    }  # fmt: skip


def _marginal_row(one: Marginal) -> dict[str, Any]:
    which = {"factor": one.factor, "level": value_label(one.value), "window": one.window, "outcome": one.key}
    return {**which, **_plain(one.found), "monte_carlo_se": one.found.monte_carlo_se}


def _step_row(one: Step) -> dict[str, Any]:
    return {
        "factor": one.factor, "before": value_label(one.before), "after": value_label(one.after),
        "window": one.window, "outcome": one.key, **_plain(one.found), "monte_carlo_se": one.found.monte_carlo_se,
        **_plain(one.each, "per_unit_"), **_plain(one.bend, "bend_"),
        **_plain(one.since_first, "since_first_"), "returns": one.returns,
    }  # fmt: skip


def _cell_row(experiment: Experiment, place: tuple[str, str, str], found: Contrast) -> dict[str, Any]:
    arm, window, key = place
    levels = {name: value_label(value) for name, value in experiment.levels[arm].items()}
    which = {"arm": arm, **{f"level_{name}": value for name, value in levels.items()}, "window": window}
    return {**which, "outcome": key, **_plain(found), "monte_carlo_se": found.monte_carlo_se}


def _crossing_row(one: Crossing) -> dict[str, Any]:
    return {
        "first": one.factors[0], "second": one.factors[1], "window": one.window, "outcome": one.key,
        **_plain(one.found), "monte_carlo_se": one.found.monte_carlo_se, "ratio": one.ratio.ratio,
        "ratio_low": one.ratio.low, "ratio_high": one.ratio.high, "ratio_resolved": one.ratio.resolved,
    }  # fmt: skip


# --- figure ---------------------------------------------------------------------------------------------------------


def _figure(
    experiment: Experiment, comparison: Comparison, found: Sequence[Marginal], window: str, run_hash: str | None
) -> Figure:
    """The response of each main outcome to each factor, and maps of the headline for pairs of factors."""
    from abm.views.grid import draw_grid

    responses = [
        _response(experiment, [one for one in found if (one.factor, one.key) == (factor, key)])
        for key in experiment.main
        for factor in levels_by_name(experiment)
    ]
    pairs = list(combinations(levels_by_name(experiment), 2))[:MOST_MAPS]
    maps = [_map(experiment, comparison, window, pair) for pair in pairs]
    return draw_grid(responses, maps, columns=len(experiment.factors), run_hash=run_hash)


def _response(experiment: Experiment, found: Sequence[Marginal]) -> Response:
    from abm.views.grid import Response

    levels = levels_by_name(experiment)[found[0].factor]
    measure = MEASURES[found[0].key]
    return Response(
        f"{measure.label.capitalize()}, by {factor_label(levels.factor)}",
        levels.factor.label,
        measure.unit,
        tuple(value_label(value) for value in levels.values),
        levels.positions,
        tuple(one.found.estimate for one in found),
        tuple(one.found.interval[0] for one in found),
        tuple(one.found.interval[1] for one in found),
        tuple(one.found.resolved or one.found.nothing for one in found),
    )


def _map(experiment: Experiment, comparison: Comparison, window: str, pair: tuple[str, str]) -> HeatMap:
    from abm.views.grid import HeatMap

    key = experiment.main[0]
    across, up = (levels_by_name(experiment)[name] for name in pair)
    cells = [
        [contrast(difference_at(experiment, comparison, window, key, {pair[0]: x, pair[1]: y})) for x in across.values]
        for y in up.values
    ]
    others = ", mean over the rest" if len(experiment.factors) > 2 else ""
    return HeatMap(
        f"{MEASURES[key].label.capitalize()}, {window_label(window)}: difference from the control{others}",
        MEASURES[key].unit,
        across.factor.label,
        factor_label(up.factor),
        tuple(value_label(value) for value in across.values),
        tuple(value_label(value) for value in up.values),
        tuple(tuple(cell.estimate for cell in row) for row in cells),
        tuple(tuple(cell.resolved or cell.nothing for cell in row) for row in cells),
    )
