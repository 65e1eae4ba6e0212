"""Sensitivity indices as tables for a reader and as rows of data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from runs.design import after_clock
from runs.outcomes import MEASURES
from runs.phrases import digits_for, interval, listed, number, percent
from runs.sections import Table
from runs.studies.convergence import Stage
from runs.studies.explained import NOTHING, SAMPLES, UNTOLD, Explained, arm_and_parameter, named, uncertainty_of
from runs.studies.sensitivity_indices import LEVEL, SOBOL, Estimate, Indices

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

MOST_OPEN = 60  # rows of a table that a page shows without being asked


def sobol_table(experiment: Experiment, found: Sequence[Explained], what: str, folded: bool) -> Table:
    """First-order and total indices of one outcome: a row for each arm and parameter, the most influential first."""
    headers = (
        "Arm", "Parameter", "First order S1", f"{percent(LEVEL)} interval", "Total ST", f"{percent(LEVEL)} interval",
        "± by points, seeds", "", "Meaning",
    )  # fmt: skip
    rows = tuple(
        (
            *arm_and_parameter(experiment, one, k),
            *_with_interval(one.indices.signed[k]),
            *_with_interval(one.indices.size[k]),
            _halves(one.indices.size[k]),
            _told(one.indices, k),
            uncertainty_of(experiment, one.indices.names[k]).declaration.meaning,
        )
        for one in found
        for k in one.indices.order
    )
    folded = folded or len(rows) > MOST_OPEN
    caption = f"Shares of the variance between points: {what}"
    return Table(headers, rows, words=(0, 1, 7, 8), brief=(0, 1, 2, 4, 5, 7), caption=caption, folded=folded)


def morris_table(experiment: Experiment, found: Sequence[Explained], what: str, folded: bool) -> Table:
    """Elementary effects on one outcome: a row for each arm and parameter, the most influential first."""
    headers = (
        "Arm", "Parameter", "Mean effect µ*", f"{percent(LEVEL)} interval", "± by points, seeds", "Spread σ",
        "Signed mean µ", f"{percent(LEVEL)} interval", "Raising it gives", "", "Meaning",
    )  # fmt: skip
    rows = tuple(
        (
            *arm_and_parameter(experiment, one, k),
            *_with_interval(one.indices.size[k]),
            _halves(one.indices.size[k]),
            number(one.indices.sigma[k].value),
            *_with_interval(one.indices.signed[k], signed=True),
            _direction(one, k),
            _told(one.indices, k),
            uncertainty_of(experiment, one.indices.names[k]).declaration.meaning,
        )
        for one in found
        for k in one.indices.order
    )
    folded = folded or len(rows) > MOST_OPEN
    caption = f"Effects of a step through the whole range, {MEASURES[found[0].key].unit}: {what}"
    return Table(headers, rows, words=(0, 1, 8, 9, 10), brief=(0, 1, 2, 3, 5, 8, 9), caption=caption, folded=folded)


def _with_interval(one: Estimate, signed: bool = False) -> tuple[str, str]:
    if math.isnan(one.value):
        return number(one.value), number(one.value)
    digits = digits_for(one.value, *one.interval)
    return number(one.value, digits, signed), interval(one.interval, digits, signed)


def _halves(one: Estimate) -> str:
    if math.isnan(one.value):
        return number(one.value)
    digits = digits_for(one.value, *one.interval)
    return f"{number(one.half_of_points(), digits)}, {number(one.half_of_seeds(), digits)}"


def _told(indices: Indices, k: int) -> str:
    if not indices.varies:
        return NOTHING
    return "" if indices.told_from_zero(k) else UNTOLD


def _direction(one: Explained, k: int) -> str:
    """Whether raising a parameter gives more or fewer: in an arm beside the control, or in the control."""
    low, high = one.indices.signed[k].interval
    unit = MEASURES[one.key].unit
    beside = "" if one.is_level else " beside the control"
    return f"more {unit}{beside}" if low > 0.0 else f"fewer {unit}{beside}" if high < 0.0 else "–"


def convergence_table(experiment: Experiment, method: str, found: Sequence[Explained]) -> Table:
    """What the rule of convergence looks at, from a part of the samples to all."""
    headers = (
        "Arm", "Outcome", SAMPLES[method].capitalize(), "Widest interval", "Places changed", "Widest of little ones",
        "Most influential", "Verdict",
    )  # fmt: skip
    rows = tuple(
        (
            f"{named(experiment, one.arm)}: its own level" if one.is_level else named(experiment, one.arm),
            MEASURES[one.key].label,
            number(stage.indices.samples, 0),
            number(stage.widest, 3),
            number(stage.places, 2),
            number(stage.screened, 3),
            stage.indices.names[stage.indices.order[0]] if stage.indices.varies else "–",
            _stage_verdict(stage),
        )
        for one in found
        for stage in one.stages
    )
    caption = f"Convergence, from a quarter of the {SAMPLES[method]} to all"
    return Table(headers, rows, words=(0, 1, 6, 7), caption=caption, folded=len(rows) > MOST_OPEN)


def _stage_verdict(stage: Stage) -> str:
    if not stage.indices.varies:
        return NOTHING
    if stage.converged:
        return "converged"
    parts = {"ranking": stage.ranking, "screening": stage.screening, "values": stage.values}
    done = [name for name, there in parts.items() if there]
    return f"only {listed(done)} converged" if done else "not converged"


# --- data -------------------------------------------------------------------------------------------------------------


def index_rows(experiment: Experiment, found: Sequence[Explained]) -> list[dict[str, Any]]:
    """One row per outcome explained and parameter."""
    return [_row(experiment, one, k) for one in found for k in range(len(one.indices.names))]


def _row(experiment: Experiment, one: Explained, k: int) -> dict[str, Any]:
    indices = one.indices
    sobol = indices.method == SOBOL
    known = uncertainty_of(experiment, indices.names[k]).declaration
    return {
        "arm": one.arm, "control": experiment.design.control.name, "outcome": one.key, "is_level": one.is_level,
        "window": after_clock(max(experiment.design.months)), "unit": "share" if sobol else MEASURES[one.key].unit,
        "parameter": known.name, "status": known.status,
        **_columns("S1" if sobol else "mu", indices.signed[k]),
        **_columns("ST" if sobol else "mu_star", indices.size[k]),
        **(_columns("sigma", indices.sigma[k]) if indices.sigma else {}),
        "told_from_zero": indices.told_from_zero(k), "noise_share": indices.noise, "noise_floor": indices.floor,
        "samples": indices.samples,
    }  # fmt: skip


def _columns(name: str, one: Estimate) -> dict[str, float]:
    low, high = one.interval
    return {
        name: one.value, f"{name}_low": low, f"{name}_high": high, f"{name}_se_points": one.of_points,
        f"{name}_se_seeds": one.of_seeds,
    }  # fmt: skip


def stage_rows(found: Sequence[Explained]) -> list[dict[str, Any]]:
    """One row per outcome explained, part of the samples and parameter."""
    return [
        {
            "arm": one.arm, "outcome": one.key, "is_level": one.is_level, "samples": stage.indices.samples,
            "parameter": stage.indices.names[k], "size": stage.indices.size[k].value,
            "low": stage.indices.size[k].interval[0], "high": stage.indices.size[k].interval[1],
            "rank": rank, "widest": stage.widest, "places_changed": stage.places, "widest_of_little": stage.screened,
            "converged": stage.converged,
        }
        for one in found
        for stage in one.stages
        for rank, k in enumerate(stage.indices.order, 1)
    ]  # fmt: skip
