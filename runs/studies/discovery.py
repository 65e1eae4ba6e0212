"""Scenario discovery, the study: under which assumptions an arm has fewer of the headline outcome, in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.declarations import STATUS_MARK, Declaration
from runs.compare import Comparison
from runs.design import after_clock, window_label
from runs.outcomes import MEASURES
from runs.phrases import digits_for, listed, number, percent
from runs.sections import Section, Table
from runs.studies.boxes import (
    ERROR,
    LHS,
    PERMUTATIONS,
    Discovery,
    Halves,
    can_discover,
    discoveries,
)
from runs.studies.labels import label
from runs.studies.prim import Box, Limit
from runs.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.batch.experiment import Experiment

__all__ = ["can_discover", "discovery_study"]

KEY, TITLE = "discovery", "Which assumptions decide"
NOTHING_DECIDES = "no assumption that was varied decides it"
SCORED, DRAWN, AXES = 6, 4, 3  # scores shown, arms and inputs drawn
LOW_RELIABILITY = 0.5  # below, most of what differs between points is noise of seeds


def discovery_study(
    experiment: Experiment,
    comparison: Comparison,
    permutations: int = PERMUTATIONS,
    run_hash: str | None = None,
) -> Study:
    """Under which assumptions each treated arm has fewer of the headline outcome than the control.

    Args:
        experiment: a Latin hypercube, or draws, for which :func:`can_discover` holds.
        comparison: its runs.
        permutations: searches at random, by which noise is told from findings.
        run_hash: identifies the batch in the figure's footer.

    Raises:
        ValueError: the experiment has too few points or another design.
        ResultError: the EMA workbench is not installed.
    """
    found = discoveries(experiment, comparison, permutations)
    tables = tuple(
        table
        for table in (_arms_table(experiment, found), _boxes_table(experiment, found), _scores_table(experiment, found))
        if table.rows
    )
    figure = _figure(experiment, found, run_hash)
    text = (*(_in_words(experiment, one) for one in found), *_method(experiment, found, permutations))
    section = Section(KEY, TITLE, text, tables, figure=KEY if figure is not None else "")
    return Study(section, _rows(found), figure)


# --- words ----------------------------------------------------------------------------------------------------------


def _method(experiment: Experiment, found: Sequence[Discovery], permutations: int) -> tuple[str, ...]:
    measure = MEASURES[experiment.main[0]]
    window = window_label(after_clock(max(experiment.design.months)))
    points, inputs = experiment.design.draws, len(found[0].inputs.known)
    asked = (
        f"Each arm against the control, {measure.label}, {window}: the mean paired difference of every set of "
        f"parameters ({points} sets, {experiment.design.seeds} seeds each). A set is a case of interest where the arm "
        "has fewer; where nearly all or nearly none have, the best quarter is. Scores (extremely randomised trees) "
        "tell which inputs matter, and PRIM looks for a box of them that holds many cases of interest and little else."
    )
    guard = (
        f"The whole search was repeated {permutations} times with the differences dealt out to the sets at random. "
        "Only scores and boxes that beat what is found there are named: noise does so in "
        f"{percent(ERROR)} of arms, for scores and for boxes each. Scores add up to one, so a weak input can hide "
        "behind strong ones. A box is also found on one half of the sets and judged on the other: believe those "
        "figures, not those of the box itself."
    )
    if experiment.sampling == LHS:
        rest = (
            "What was sampled is independent of everything else; what was not sampled has the value of the set's draw "
            "or its default, and adds noise."
        )
    else:
        rest = (
            f"Here {inputs} parameters vary at once over {points} sets: in so many inputs and so few points a box that "
            "looks perfect is found in pure noise, and inputs that the posterior links cannot be told apart. Read "
            "this as a hint of what to sample in an experiment of its own. Rates and severity vary too and are not "
            "among the inputs."
        )
    return asked, guard, rest


def _in_words(experiment: Experiment, one: Discovery) -> str:
    """What was found for one arm."""
    name = label(experiment, one.arm)
    if one.interest is None or one.found is None or one.null is None:
        return f"{name}: the sets of parameters do not differ enough to be searched."
    parts = [f"{name}: {_interest(experiment, one)}."]
    noise = 1.0 - one.reliability
    doubt = ", so most of what differs is noise" if one.reliability < LOW_RELIABILITY else ""
    parts.append(f"Of the variance between sets, {percent(noise)} is Monte Carlo error of the seeds{doubt}.")
    if not one.named and one.box is None:
        parts.append(f"{NOTHING_DECIDES[0].upper()}{NOTHING_DECIDES[1:]}: no score and no box beats noise.")
        return " ".join(parts)
    known = {declaration.name: declaration for declaration in one.inputs.known}
    if one.named:
        names = listed([_input(known[name]) for name in one.named])
        parts.append(f"What tells whether it does is, beyond noise: {names}.")
    else:
        parts.append("No single score beats noise.")
    if one.box is None:
        parts.append("No box beats noise.")
    else:
        ends = listed([limit_in_words(limit, known[limit.name]) for limit in one.box.limits])
        parts.append(
            f"Most cases of interest lie where {ends}: {percent(one.box.density)} of the sets there are of interest, "
            f"against {percent(one.interest.share)} of all, and {percent(one.box.coverage)} of all cases of interest "
            "lie there."
        )
        parts.append(_halves(one.halves))
    return " ".join(parts)


def _interest(experiment: Experiment, one: Discovery) -> str:
    assert one.interest is not None
    unit = MEASURES[experiment.main[0]].unit
    if not one.interest.best_quarter:
        return f"{percent(one.interest.share)} of the sets have fewer {unit} than in the control (difference below 0)"
    threshold = number(one.interest.threshold, signed=True)
    return (
        f"{percent(one.interest.below_zero)} of the sets have fewer {unit} than in the control, which splits too "
        f"little, so the cases of interest are the best quarter (difference of {threshold} or less)"
    )


def _halves(halves: Halves | None) -> str:
    assert halves is not None
    if not halves.density:
        return "On halves of the sets no box was found: this one may be chance."
    density, coverage = (float(np.mean(values)) for values in (halves.density, halves.coverage))
    worst = min(halves.density)
    return (
        f"Boxes found on one half, in {len(halves.density)} of {halves.tried} halves, hold on the other half "
        f"{percent(coverage)} of the cases of interest at a density of {percent(density)} (worst {percent(worst)})."
    )


def _input(known: Declaration) -> str:
    return f"{known.name} ({STATUS_MARK[known.status]} {known.status})"


def limit_in_words(limit: Limit, known: Declaration) -> str:
    """An input's limits in its own unit: "delta_un (○ assumption) is at least 0.3"."""
    digits = digits_for(*(end for end in (limit.low, limit.high) if math.isfinite(end)))
    unit = "" if known.unit == "1" else f" {known.unit}"
    ends = [
        f"{words} {number(end, digits)}{unit}"
        for words, end in (("at least", limit.low), ("at most", limit.high))
        if math.isfinite(end)
    ]
    return f"{_input(known)} is {' and '.join(ends)}"


# --- tables ---------------------------------------------------------------------------------------------------------


def _arms_table(experiment: Experiment, found: Sequence[Discovery]) -> Table:
    headers = (
        "Arm", "Of interest", "Not noise of seeds", "Inputs beyond noise", "Box", "Density", "to be exceeded",
        "Coverage", "Mass", "Density, other half", "Coverage, other half",
    )  # fmt: skip
    rows = tuple((label(experiment, one.arm), *_arm_cells(one)) for one in found)
    return Table(headers, rows, words=(0, 3, 4), brief=(0, 1, 3, 4, 5, 7, 9), caption="What decides, arm by arm")


def _arm_cells(one: Discovery) -> tuple[str, ...]:
    if one.interest is None or one.found is None or one.null is None:
        return ("–", percent(one.reliability), "no difference", "–", *("–",) * 6)
    box = one.found.box
    held = (percent(box.density), percent(box.coverage), percent(box.mass)) if box else ("–",) * 3
    halves = one.halves or Halves(0, (), ())
    other = [percent(float(np.mean(v))) if v else "–" for v in (halves.density, halves.coverage)]
    verdict = "beyond noise" if one.box else "not beyond noise" if box else "none"
    return (
        percent(one.interest.share), percent(one.reliability), ", ".join(one.named) or "none", verdict, held[0],
        percent(one.null.density), held[1], held[2], *other,
    )  # fmt: skip


def _boxes_table(experiment: Experiment, found: Sequence[Discovery]) -> Table:
    headers = ("Arm", "Input", "Status", "What it is", "Unit", "From", "to", "quasi-p, from", "quasi-p, to")
    rows = []
    for one in found:
        known = {declaration.name: declaration for declaration in one.inputs.known}
        for limit in one.box.limits if one.box else ():
            d = known[limit.name]
            ends = tuple(number(end) if math.isfinite(end) else "–" for end in (limit.low, limit.high))
            chances = tuple(number(p, 3) for p in (limit.p_low, limit.p_high))
            status = f"{STATUS_MARK[d.status]} {d.status}"
            rows.append((label(experiment, one.arm), d.name, status, d.meaning, d.unit, *ends, *chances))
    caption = "Boxes beyond noise; quasi-p values were chosen to be small"
    return Table(headers, tuple(rows), words=(0, 1, 2, 3, 4), brief=(0, 1, 2, 4, 5, 6), caption=caption)


def _scores_table(experiment: Experiment, found: Sequence[Discovery]) -> Table:
    rows = []
    for one in found:
        if one.found is None or one.null is None:
            continue
        for k in np.argsort(-one.found.scores, kind="stable")[:SCORED]:
            d, score = one.inputs.known[k], float(one.found.scores[k])
            rows.append(
                (label(experiment, one.arm), d.name, f"{STATUS_MARK[d.status]} {d.status}", number(score, 3),
                 number(one.null.score, 3), "yes" if d.name in one.named else "no")
            )  # fmt: skip
    headers = ("Arm", "Input", "Status", "Score", "to be exceeded", "Beyond noise")
    return Table(headers, tuple(rows), words=(0, 1, 2, 5), caption="Highest scores", folded=True)


def _rows(found: Sequence[Discovery]) -> dict[str, list[dict[str, Any]]]:
    """Tables for Parquet: arms, scores, limits of boxes, the boxes that were passed through, and points."""
    rows: dict[str, list[dict[str, Any]]] = {
        f"{KEY}-{part}": [] for part in ("arms", "scores", "limits", "course", "points")
    }
    for one in found:
        if one.interest is None or one.found is None or one.null is None:
            continue
        box, halves = one.found.box, one.halves or Halves(0, (), ())
        rows[f"{KEY}-arms"].append(
            {
                "arm": one.arm, "threshold": one.interest.threshold, "best_quarter": one.interest.best_quarter,
                "below_zero": one.interest.below_zero, "of_interest": one.interest.share,
                "reliability": one.reliability, "null_score": one.null.score, "null_density": one.null.density,
                **_held(box), "beyond_noise": one.box is not None, "halves": halves.tried,
                "halves_with_box": len(halves.density), "coverage_other_half": _mean(halves.coverage),
                "density_other_half": _mean(halves.density),
            }
        )  # fmt: skip
        for d, score in zip(one.inputs.known, one.found.scores.tolist(), strict=True):
            part = {"arm": one.arm, "input": d.name, "status": d.status, "score": score}
            rows[f"{KEY}-scores"].append({**part, "null": one.null.score, "beyond_noise": d.name in one.named})
        for limit in box.limits if box else ():
            rows[f"{KEY}-limits"].append(
                {"arm": one.arm, "beyond_noise": one.box is not None, "input": limit.name, **_ends(limit)}
            )
        for step, passed in enumerate(one.found.course):
            names = ", ".join(limit.name for limit in passed.limits)
            rows[f"{KEY}-course"].append({"arm": one.arm, "step": step, **_held(passed), "limited": names})
        for point, (value, case) in enumerate(zip(one.differences, one.interest.cases, strict=True)):
            rows[f"{KEY}-points"].append(
                {"arm": one.arm, "point": point, "difference": float(value), "of_interest": bool(case)}
            )
    return {name: part for name, part in rows.items() if part}


def _held(box: Box | None) -> dict[str, float]:
    parts = ("coverage", "density", "mass")
    return {part: getattr(box, part) if box else math.nan for part in parts}


def _ends(limit: Limit) -> dict[str, float]:
    return {"low": limit.low, "high": limit.high, "quasi_p_low": limit.p_low, "quasi_p_high": limit.p_high}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan


# --- figure ---------------------------------------------------------------------------------------------------------


def _figure(experiment: Experiment, found: Sequence[Discovery], run_hash: str | None) -> Figure | None:
    """Arms with a box beyond noise first, then those with named inputs, as many as fit; None with nothing searched."""
    from abm.views.boxes import Axis, Bar, Searched, draw_boxes

    ranked = sorted(found, key=lambda one: (one.box is None, not one.named))
    shown = []
    for one in ranked:
        if one.interest is None or one.found is None or one.null is None or len(one.inputs.known) < 2:
            continue
        order = [int(k) for k in np.argsort(-one.found.scores, kind="stable")]
        limits = {limit.name: limit for limit in one.box.limits} if one.box else {}
        first = sorted(order, key=lambda k: one.inputs.names[k] not in limits)[: max(2, min(AXES, len(limits)))]
        axes = []
        for k in first:
            d = one.inputs.known[k]
            limit = limits.get(d.name)
            ends = (limit.low, limit.high) if limit else (-math.inf, math.inf)
            unit = "" if d.unit == "1" else f", {d.unit}"
            axes.append(Axis(f"{d.name}{unit}", tuple(one.inputs.values[:, k].tolist()), *ends))
        bars = tuple(
            Bar(one.inputs.names[k], float(one.found.scores[k]), one.inputs.names[k] in one.named)
            for k in order[:SCORED]
        )
        words = f"{label(experiment, one.arm)}: {_short(one)}"
        cases = tuple(bool(case) for case in one.interest.cases)
        shown.append(Searched(words, bars, one.null.score, tuple(axes), cases, bool(limits)))
    return draw_boxes(shown[:DRAWN], run_hash=run_hash) if shown else None


def _short(one: Discovery) -> str:
    assert one.interest is not None
    case = "best quarter" if one.interest.best_quarter else "fewer than in the control"
    density = f"density {percent(one.box.density)}" if one.box else NOTHING_DECIDES if not one.named else "no box"
    return f"{case} ({percent(one.interest.share)} of sets); {density}"
