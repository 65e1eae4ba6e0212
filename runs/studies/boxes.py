"""Scenario discovery, the search: which inputs tell whether an arm has fewer of an outcome, and in which box it has.

A search that may look at many inputs and few points finds something in pure noise. So everything is searched again
with the differences dealt out to the points at random, and only what beats that is called a finding; and a box is also
found on one half of the points and judged on the other, because PRIM overfits (Bryant & Lempert 2010, Technological
Forecasting and Social Change 77:34; Kwakkel & Jaxa-Rozen 2016, Environmental Modelling & Software 79:311).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from abm.declarations import Declaration, declarations
from abm.parameters import Parameters
from runs.compare import Comparison
from runs.design import Design, after_clock
from runs.statistics import spread
from runs.studies.prim import TREES, Box, peeled, pruned, scores

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LHS, DRAWS = "lhs", "draws"
FEWEST_POINTS = 60  # three thin slices of 5 % hold three points each (assumption)
FEWEST_SHARE, BEST = 0.10, 0.25  # of the points that are of interest; else the best quarter is
LEAST_COVERAGE, LARGEST_P = 0.5, 0.05
AMONG = (2, 4)  # highest scores that PRIM searches among, once and again: in many inputs it goes astray (assumption)
PERMUTATIONS, SPLITS = 39, 5
ERROR = 0.05  # chance that pure noise yields a finding, of scores and of boxes each
TIES = 1e-12  # sums of equal numbers in another order


@dataclass(frozen=True)
class Inputs:
    """What was varied: declarations of d parameters and their values, shape (K points, d)."""

    known: tuple[Declaration, ...]
    values: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters."""
        return tuple(one.name for one in self.known)


@dataclass(frozen=True)
class Interest:
    """Points of interest: those whose difference is below a threshold (or at it: the best quarter)."""

    cases: Flags
    threshold: float
    below_zero: float  # share of all points
    best_quarter: bool

    @property
    def share(self) -> float:
        """Of all points."""
        return float(self.cases.mean())


@dataclass(frozen=True)
class Search:
    """Scores of all inputs, shape (d,), and the box that the rule chose, None where no box meets it."""

    scores: Floats
    box: Box | None
    course: tuple[Box, ...]

    @property
    def density(self) -> float:
        """Of the box, 0 without one."""
        return self.box.density if self.box else 0.0


@dataclass(frozen=True)
class Null:
    """What the same search finds in differences dealt out at random, and a finding must beat.

    ``density`` is NaN where there was no box to be beaten.
    """

    score: float
    density: float


@dataclass(frozen=True)
class Halves:
    """Boxes found on one half of the points, judged on the other: how often there was one, and coverage and density."""

    tried: int
    coverage: tuple[float, ...]
    density: tuple[float, ...]


@dataclass(frozen=True)
class Discovery:
    """What was found for one arm; without ``interest`` the points do not differ and nothing was searched.

    ``halves`` are tried where a box beats noise. ``reliability`` is the share of the variance of the points' mean
    differences that is not noise of seeds, 0..1.
    """

    arm: str
    inputs: Inputs
    differences: Floats
    reliability: float
    interest: Interest | None = None
    found: Search | None = None
    null: Null | None = None
    halves: Halves | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Inputs whose score beats the null, the highest first."""
        if self.found is None or self.null is None:
            return ()
        order = np.argsort(-self.found.scores, kind="stable")
        return tuple(self.inputs.names[k] for k in order if self.found.scores[k] > self.null.score + TIES)

    @property
    def box(self) -> Box | None:
        """The box, where it beats the null."""
        if self.found is None or self.null is None or self.found.box is None:
            return None
        return self.found.box if self.found.density > self.null.density + TIES else None


def can_discover(experiment: Experiment) -> bool:
    """Whether there is something to search: a Latin hypercube, or draws, with FEWEST_POINTS points or more."""
    return experiment.sampling in (LHS, DRAWS) and experiment.design.draws >= FEWEST_POINTS


def inputs_of(experiment: Experiment) -> Inputs:
    """What was varied: the sampled uncertainties, or every declared parameter that differs between draws."""
    if experiment.sampling == LHS:
        known, values = tuple(one.declaration for one in experiment.uncertainties), experiment.inputs
    else:
        known, values = drawn_inputs(experiment.design)
    varies = np.ptp(values, axis=0) > 0.0
    return Inputs(tuple(d for d, kept in zip(known, varies, strict=True) if kept), values[:, varies])


def drawn_inputs(design: Design) -> tuple[tuple[Declaration, ...], Floats]:
    """Every declared parameter and its values by draw, shape (K, d)."""
    known = declarations(Parameters)
    drawn = [design.parameters(draw) for draw in range(design.draws)]
    values = np.array([[float(getattr(parameters, name)) for name in known] for parameters in drawn])
    return tuple(known.values()), values


def cases_of_interest(differences: Floats) -> Interest | None:
    """Points below zero where these are 10 to 90 % of all, else the best quarter; None where no points differ.

    Args:
        differences: mean paired difference by point, shape (K,); negative means fewer.
    """
    if np.ptp(differences) == 0.0:
        return None
    below = differences < 0.0
    share = float(below.mean())
    if FEWEST_SHARE <= share <= 1.0 - FEWEST_SHARE:
        return Interest(below, 0.0, share, False)
    threshold = float(np.quantile(differences, BEST, method="lower"))
    cases = differences <= threshold
    if cases.mean() > 1.0 - FEWEST_SHARE:  # ties: most points do not differ
        return None
    return Interest(cases, threshold, share, True)


def chosen(course: Sequence[Box]) -> Box | None:
    """The densest box that holds half of the cases of interest and has limits; the simpler of two that are alike."""
    fit = [box for box in course if box.limits and box.coverage >= LEAST_COVERAGE]
    return max(fit, key=lambda box: (box.density, box.coverage, -len(box.limits)), default=None)


def search(
    inputs: Inputs, differences: Floats, cases: Flags, random_state: int, trees: int = TREES, boxes: bool = True
) -> Search:
    """Score all inputs, and, if boxes are wanted, look for one among those that score highest."""
    found = scores(inputs.values, inputs.names, differences, random_state, trees)
    if not boxes or cases.all() or not cases.any():
        return Search(found, None, ())
    ranked = np.argsort(-found, kind="stable")
    passed: list[Box] = []
    for few in sorted({min(few, len(found)) for few in AMONG}):
        best = np.sort(ranked[:few])
        x, names = inputs.values[:, best], [inputs.names[k] for k in best]
        passed += (pruned(box, x, names, cases, LARGEST_P) for box in peeled(x, names, cases))
    return Search(found, chosen(passed), tuple(passed))


def discover(
    arm: str, inputs: Inputs, differences: Floats, seed: int, permutations: int = PERMUTATIONS, trees: int = TREES
) -> Discovery:
    """What decides whether an arm has fewer, and whether it is more than noise.

    Args:
        arm: its name; searches of an arm do not depend on the other arms.
        inputs: what was varied.
        differences: paired differences, shape (K points, S seeds).
        seed: of the experiment.
        permutations: searches at random; with n of them, at most 5 % of n + 1 may do as well.
        trees: of each score.
    """
    means = differences.mean(axis=1)
    reliability = spread(differences).reliability
    interest = cases_of_interest(means)
    if interest is None or not inputs.known:
        return Discovery(arm, inputs, means, reliability)
    rng = np.random.default_rng([seed, zlib.crc32(arm.encode())])
    state = int(rng.integers(2**31))
    found = search(inputs, means, interest.cases, state, trees)
    null = _null(inputs, means, interest.cases, found, rng, permutations, trees)
    one = Discovery(arm, inputs, means, reliability, interest, found, null)
    return one if one.box is None else replace(one, halves=judged_on_halves(inputs, means, interest.cases, rng, trees))


def _null(
    inputs: Inputs, differences: Floats, cases: Flags, found: Search, rng: np.random.Generator, permutations: int,
    trees: int,
) -> Null:  # fmt: skip
    """The same search in differences dealt out at random, boxes only until it is plain that noise has such boxes too.

    Stopping then changes no verdict (Besag & Clifford 1991, Biometrika 78:301).
    """
    allowed = may_do_as_well(permutations)
    highest, densities = [], []
    boxes = found.box is not None
    for _ in range(permutations):
        order = rng.permutation(len(differences))
        state = int(rng.integers(2**31))
        dealt = search(inputs, differences[order], cases[order], state, trees, boxes=boxes)
        highest.append(float(dealt.scores.max()))
        if boxes:
            densities.append(dealt.density)
            boxes = sum(density >= found.density - TIES for density in densities) <= allowed
    return Null(beaten(highest, allowed), beaten(densities, allowed) if densities else math.nan)


def may_do_as_well(permutations: int) -> int:
    """How many of so many searches at random, and what was found itself, may do as well: ERROR of them, at least one.

    What was found is one of them, so none at random may where it is one.
    """
    return max(int(ERROR * (permutations + 1) + TIES), 1) - 1


def beaten(values: Sequence[float], allowed: int) -> float:
    """What must be exceeded so that no more than those allowed do as well."""
    return sorted(values, reverse=True)[allowed]


def judged_on_halves(
    inputs: Inputs, differences: Floats, cases: Flags, rng: np.random.Generator, trees: int = TREES
) -> Halves:
    """The whole search on one half of the points, its box judged on the other half, both ways round."""
    coverage, density = [], []
    for _ in range(SPLITS):
        order = rng.permutation(len(differences))
        middle = len(order) // 2
        for one, other in ((order[:middle], order[middle:]), (order[middle:], order[:middle])):
            part = Inputs(inputs.known, inputs.values[one])
            box = search(part, differences[one], cases[one], int(rng.integers(2**31)), trees).box
            if box is None or not cases[other].any():
                continue
            inside = box.holds(inputs.values[other], inputs.names)
            coverage.append(float(cases[other][inside].sum() / cases[other].sum()))
            density.append(float(cases[other][inside].mean()) if inside.any() else 0.0)
    return Halves(2 * SPLITS, tuple(coverage), tuple(density))


def discoveries(experiment: Experiment, comparison: Comparison, permutations: int = PERMUTATIONS) -> list[Discovery]:
    """Every treated arm against the control: the headline outcome in the longest window.

    Raises:
        ValueError: too few points, or a design that is no Latin hypercube and no draws.
        ResultError: the workbench is not installed.
    """
    if not can_discover(experiment):
        raise ValueError(
            f"expected a design {LHS!r} or {DRAWS!r} with at least {FEWEST_POINTS} points (found "
            f"{experiment.sampling!r} with {experiment.design.draws})"
        )
    design, inputs = experiment.design, inputs_of(experiment)
    window = after_clock(max(design.months))
    pairs = {arm.name: comparison.pair(arm.name, window, experiment.main[0]) for arm in design.treated}
    return [
        discover(arm, inputs, treated - control, design.seed, permutations) for arm, (treated, control) in pairs.items()
    ]
