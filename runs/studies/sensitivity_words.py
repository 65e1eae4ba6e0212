"""What a study of sensitivity says: whether it has converged, what matters, what is not resolved, what is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from abm.declarations import STATUS_MARK
from runs.design import after_clock, window_label
from runs.outcomes import MEASURES
from runs.phrases import digits_for, interval, listed, number, percent
from runs.studies.convergence import PLACES, RULE, SMALL, WIDEST
from runs.studies.explained import MOST_ARMS, NOTHING, SAMPLES, UNTOLD, Explained, named, uncertainty_of
from runs.studies.paired import counted
from runs.studies.sensitivity_indices import LEVEL, MORRIS, SOBOL, Indices

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

STATUS_WORDS = {"calibrated": "measured", "literature": "from the literature", "assumption": "assumed"}
MOST_TOLD = 3  # parameters that a sentence names


def verdict(method: str, found: Sequence[Explained]) -> str:
    """Whether the indices have converged, first of all, and by which rule."""
    whole = sum(one.last.converged for one in found)
    varying = [one for one in found if one.indices.varies]
    if not varying:
        return "Nothing to explain: every outcome is the same at every point."
    samples = found[0].indices.samples
    head = "Converged" if whole == len(varying) else "Not converged: more points needed"
    parts = [
        f"values of {sum(one.last.values for one in varying)}",
        f"ranking of {sum(one.last.ranking for one in varying)}",
        f"parameters of little influence of {sum(one.last.screening for one in varying)}",
    ]
    share = "" if method == SOBOL else " of the largest effect"
    return (
        f"{head}. Of what is explained with {samples} {SAMPLES[method]} (differences of arms and the control's level), "
        f"{len(varying)} in all, have converged: {listed(parts)}. By the rule of {RULE}: values, where every "
        f"{percent(LEVEL)} interval is narrower than {WIDEST:g}{share}; the ranking, where parameters change by less "
        f"than {PLACES:g} place on average, the influential ones counting most; parameters of little influence (less "
        f"than {SMALL:g}{share} above what noise gives), where their intervals are narrower than {WIDEST:g}{share}."
    )


def what_matters(experiment: Experiment, leading: Sequence[Explained]) -> list[str]:
    """For each arm, the parameters that move its difference most, and whether these were measured."""
    shown = [one for one in leading if not one.is_level][:MOST_ARMS] + [one for one in leading if one.is_level]
    return [_sentence(experiment, one) for one in shown]


def _sentence(experiment: Experiment, one: Explained) -> str:
    what = MEASURES[one.key].label
    head = (
        f"{named(experiment, one.arm)}: its own level of {what}"
        if one.is_level
        else f"{named(experiment, one.arm)}: its difference from the control in {what}"
    )
    indices = one.indices
    if not indices.varies:
        return f"{head} is {NOTHING}."
    told = [k for k in indices.order if indices.told_from_zero(k)]
    if not told:
        return f"{head} is moved by no parameter that can be told from zero."
    words = [_influence(experiment, indices, k) for k in told[:MOST_TOLD]]
    rest = f" {len(told) - MOST_TOLD} more can be told from zero." if len(told) > MOST_TOLD else ""
    larger = [indices.names[k] for k in indices.order[: indices.order.index(told[0])]]
    doubt = f" The estimate of {listed(larger)} is larger and cannot be told from zero." if larger else ""
    return f"{head} is moved most by {listed(words)}, of what can be told from zero.{rest}{doubt}"


def _influence(experiment: Experiment, indices: Indices, k: int) -> str:
    """One parameter in brackets: its index or effect, and whether it was measured."""
    known = uncertainty_of(experiment, indices.names[k]).declaration
    size = indices.size[k]
    digits = digits_for(size.value, *size.interval)
    what = "total index" if indices.method == SOBOL else "mean effect"
    ends = interval(size.interval, digits, signed=False)
    return (
        f"{STATUS_MARK[known.status]} {known.name} ({STATUS_WORDS[known.status]}: {known.meaning.rstrip('.')}; "
        f"{what} {number(size.value, digits)}, {ends})"
    )


def interplay(experiment: Experiment, leading: Sequence[Explained]) -> str:
    """How much parameters do alone, how much is noise of seeds, and how much is left to interactions."""
    parts = []
    for one in leading[:MOST_ARMS]:
        indices = one.indices
        if indices.together is not None and indices.varies:
            alone, noise = indices.together, indices.noise
            parts.append(
                f"{named(experiment, one.arm)} {number(alone.value, 2)} ({interval(alone.interval, 2, False)}), noise "
                f"of seeds {number(noise, 2)}, interactions {number(1.0 - alone.value - noise, 2)}"
            )
    if not parts:
        return ""
    return (
        "Parameters alone, each by itself, explain of the variance between points (sum of first-order indices): "
        f"{'; '.join(parts)}. Noise of seeds is what is left in the mean over {experiment.design.seeds} seeds at a "
        "point; every total index holds it, so that a parameter without effect shows it too (dashed line). Estimates "
        "below 0 or above 1 are shown as they are: they say how far the estimates are off."
    )


def bends(experiment: Experiment, leading: Sequence[Explained]) -> str:
    """What the spread of effects says, and how much of the variance is noise."""
    varying = [one for one in leading if one.indices.varies]
    if not varying:
        return ""
    noise = (f"{named(experiment, one.arm)} {number(one.indices.noise, 2)}" for one in varying[:MOST_ARMS])
    return (
        "Effects are what the outcome changes by for a step through the whole range of a parameter; µ* is the mean "
        "of their absolute values, µ their mean with its sign, σ their standard deviation. Where σ is above µ*, the "
        "effect of a parameter depends on where it is and on what the others are, or is noise. Share of the variance "
        f"between points that is noise of seeds: {'; '.join(noise)}. Noise alone gives a µ* as well (dashed line)."
    )


def unresolved(found: Sequence[Explained]) -> str:
    """How many effects are no more than noise, and how that was judged."""
    varying = [one.indices for one in found if one.indices.varies]
    pairs = [indices.told_from_zero(k) for indices in varying for k in range(len(indices.names))]
    if not pairs:
        return ""
    chance = "5" if found[0].indices.method == SOBOL else "7.5"
    return (
        f"Not resolved: {len(pairs) - sum(pairs)} of {len(pairs)} effects of a parameter on an outcome {UNTOLD}: "
        "neither the signed index leaves zero nor the size the level that noise of seeds alone would give. Of "
        f"parameters without any effect, at most {chance} in 100 are told from zero by chance. Intervals of "
        f"{percent(LEVEL)} hold two doubts, shown apart in the tables: which points were drawn "
        "(bootstrap) and which seeds (each left out in turn)."
    )


def assumed(experiment: Experiment, method: str) -> str:
    """What was varied and how, and all that was not."""
    design = experiment.design
    sampled = experiment.uncertainties
    priors = sum(one.prior for one in sampled)
    ranges = [f"{priors} by their declared priors"] if priors else []
    ranges += [f"{len(sampled) - priors} uniformly between two bounds"] if priors < len(sampled) else []
    tails = " Tails of priors are cut off, since a step needs two ends." if method == MORRIS and priors else ""
    held = f" {listed([f'{name} = {value:g}' for name, value in design.fixed.items()])} held." if design.fixed else ""
    window = window_label(after_clock(max(design.months)))
    return (
        f"Assumed: {len(sampled)} parameters vary, {listed(ranges)}, independently of one another; all others stay at "
        f"their defaults.{held}{tails} One synthetic world, and the same {design.seeds} seeds at each of "
        f"{len(experiment.unit)} points. Explained is the mean over seeds in the {window}. {counted(design)} An index "
        "depends on the ranges: what was given a narrow one looks unimportant."
    )
