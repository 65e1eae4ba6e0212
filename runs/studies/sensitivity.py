"""Which unknowns move the conclusion, and which were measured: Sobol' indices and Morris' elementary effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from abm.views.indices import Share, Step, draw_shares, draw_steps
from runs.compare import Comparison
from runs.design import after_clock
from runs.outcomes import MEASURES
from runs.sections import Section, Table
from runs.studies.convergence import Stage, stages
from runs.studies.explained import MOST_ARMS, Explained, arm_and_parameter, named
from runs.studies.sensitivity_indices import LEVEL, MORRIS, SOBOL, Indices, morris_effects, sobol_indices
from runs.studies.sensitivity_tables import convergence_table, index_rows, morris_table, sobol_table, stage_rows
from runs.studies.sensitivity_words import assumed, bends, interplay, unresolved, verdict, what_matters
from runs.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.batch.experiment import Experiment

Floats = NDArray[np.float64]

TITLES = {
    SOBOL: "What moves the conclusion: shares of the variance (Sobol’)",
    MORRIS: "What moves the conclusion: effects of single steps (Morris)",
}
MOST_ROWS = 10  # parameters of an arm in the figure


def sobol_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study:
    """Variance of each arm's difference from the control, shared out among the sampled parameters.

    Raises:
        ResultError: the experiment has no Sobol' sample, one too small, or SALib is missing.
    """
    names = _names(experiment)
    rows = len(names) + 2

    def compute(values: Floats, samples: int) -> Indices:
        return sobol_indices(names, values[: samples * rows], experiment.design.seed)

    found = _explained(experiment, comparison, len(experiment.unit) // rows, compute)
    return _study(experiment, SOBOL, found, sobol_table, interplay, _draw_sobol(experiment, found, run_hash))


def morris_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study:
    """What a step through the whole range of each sampled parameter does to each arm's difference from the control.

    Raises:
        ResultError: fewer than two trajectories, or SALib is missing.
    """
    names = _names(experiment)
    rows = len(names) + 1

    def compute(values: Floats, samples: int) -> Indices:
        first = slice(samples * rows)
        return morris_effects(names, experiment.unit[first], values[first], experiment.design.seed)

    found = _explained(experiment, comparison, len(experiment.unit) // rows, compute)
    return _study(experiment, MORRIS, found, morris_table, bends, _draw_morris(experiment, found, run_hash))


def _names(experiment: Experiment) -> tuple[str, ...]:
    return tuple(one.name for one in experiment.uncertainties)


def _explained(
    experiment: Experiment, comparison: Comparison, samples: int, compute: Callable[[Floats, int], Indices]
) -> list[Explained]:
    """Every arm's difference in every main outcome, and the control's own level of the headline."""
    design, window = experiment.design, after_clock(max(experiment.design.months))
    control = design.control.name
    found = []
    for key in experiment.main:
        for arm in design.treated:
            values = np.subtract(*comparison.pair(arm.name, window, key))
            found.append(Explained(arm.name, key, False, _stages(values, samples, compute)))
    key = experiment.main[0]
    found.append(Explained(control, key, True, _stages(comparison.values[control, window, key], samples, compute)))
    return found


def _stages(values: Floats, samples: int, compute: Callable[[Floats, int], Indices]) -> tuple[Stage, ...]:
    return stages(lambda size: compute(values, size), samples)


def _study(
    experiment: Experiment,
    method: str,
    found: list[Explained],
    table: Callable[[Experiment, list[Explained], str, bool], Table],
    more: Callable[[Experiment, list[Explained]], str],
    figure: Figure | None,
) -> Study:
    leading = [one for one in found if one.key == experiment.main[0]]
    paragraphs = (
        verdict(method, found),
        *what_matters(experiment, leading),
        more(experiment, leading),
        unresolved(found),
        assumed(experiment, method),
    )
    tables = [table(experiment, leading, MEASURES[experiment.main[0]].label, False)]
    for key in experiment.main[1:]:
        tables.append(table(experiment, [one for one in found if one.key == key], MEASURES[key].label, True))
    tables.append(convergence_table(experiment, method, found))
    shown = tuple(part for part in paragraphs if part)
    section = Section(method, TITLES[method], shown, tuple(tables), method if figure is not None else "")
    rows = {method: index_rows(experiment, found), f"{method}-convergence": stage_rows(found)}
    return Study(section, rows, figure)


def _charted(experiment: Experiment, found: Sequence[Explained]) -> list[Explained]:
    """Differences of the headline, for as many arms as fit, where there is anything to explain."""
    key = experiment.main[0]
    return [one for one in found if one.key == key and not one.is_level and one.indices.varies][:MOST_ARMS]


def _draw_sobol(experiment: Experiment, found: Sequence[Explained], run_hash: str | None) -> Figure | None:
    shares = [
        Share(
            label=arm_and_parameter(experiment, one, k)[1],
            group=named(experiment, one.arm),
            first=(one.indices.signed[k].value, *one.indices.signed[k].interval),
            total=(one.indices.size[k].value, *one.indices.size[k].interval),
            noise=one.indices.floor,
            told=one.indices.told_from_zero(k),
        )
        for one in _charted(experiment, found)
        for k in one.indices.order[:MOST_ROWS]
    ]
    return draw_shares(shares, title=_figure_title(experiment), level=LEVEL, run_hash=run_hash) if shares else None


def _draw_morris(experiment: Experiment, found: Sequence[Explained], run_hash: str | None) -> Figure | None:
    steps = [
        Step(
            label=arm_and_parameter(experiment, one, k)[1],
            group=named(experiment, one.arm),
            size=(one.indices.size[k].value, *one.indices.size[k].interval),
            sigma=one.indices.sigma[k].value,
            noise=one.indices.floor,
            told=one.indices.told_from_zero(k),
        )
        for one in _charted(experiment, found)
        for k in one.indices.order
    ]
    unit = MEASURES[experiment.main[0]].unit
    return draw_steps(steps, unit=unit, title=_figure_title(experiment), run_hash=run_hash) if steps else None


def _figure_title(experiment: Experiment) -> str:
    return f"What moves the difference from the control: {MEASURES[experiment.main[0]].label}"
