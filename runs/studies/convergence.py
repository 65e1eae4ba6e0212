"""Whether sensitivity indices have converged: a stated rule, on a growing part of the points.

Sarrazin, Pianosi & Wagener 2016, Environmental Modelling & Software 79:135, tell three things apart, by 95 % intervals
from resampling: the values of the indices, the ranking of the parameters, and the screening of those that matter
little. Here intervals hold the doubt about seeds as well, sizes of elementary effects are taken as shares of the
largest, and what is small is so beside what noise of seeds alone would give.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from runs.studies.sensitivity_indices import Indices

Floats = NDArray[np.float64]

RULE = "Sarrazin, Pianosi & Wagener 2016, Environmental Modelling & Software 79:135"
WIDEST = 0.05  # of an interval, for values and for screening
PLACES = 1.0  # that parameters change on average in the ranking, the influential ones counting most
SMALL = 0.05  # a parameter with a smaller index matters little
PARTS = (4, 2, 1)  # of all base samples or trajectories: a quarter, a half, all
MOST_RANKINGS = 0.95  # quantile of the change between rankings


@dataclass(frozen=True)
class Stage:
    """How far indices from so many samples have converged: the three numbers that the rule looks at.

    ``widest`` interval of any parameter; ``places`` that parameters change in the ranking between resamples;
    ``screened`` is the widest interval of those that matter little, NaN where none is so small.
    """

    indices: Indices
    widest: float
    places: float
    screened: float

    @property
    def values(self) -> bool:
        """Whether the values have converged."""
        return self.widest < WIDEST

    @property
    def ranking(self) -> bool:
        """Whether the ranking has."""
        return self.places < PLACES

    @property
    def screening(self) -> bool:
        """Whether the parameters that matter little are known; so they are where none is."""
        return (math.isnan(self.screened) and self.indices.varies) or self.screened < WIDEST

    @property
    def converged(self) -> bool:
        """Whether all three have; never where there is nothing to explain."""
        return self.indices.varies and self.values and self.ranking and self.screening


def stage_of(indices: Indices) -> Stage:
    """The three numbers of a set of indices."""
    if not indices.varies:
        return Stage(indices, math.nan, math.nan, math.nan)
    widths = np.array([2.0 * one.half() for one in indices.size]) / indices.scale
    above = (np.array([one.value for one in indices.size]) - indices.floor) / indices.scale
    little = widths[above < SMALL]
    return Stage(indices, float(widths.max()), _places(indices), float(little.max()) if little.size else math.nan)


def _places(indices: Indices) -> float:
    """Change between rankings: of pairs of resamples, and of all seeds with each left out, whichever is the larger."""
    one, other = indices.resampled[::2], indices.resampled[1::2]
    by_points = float(np.quantile(rank_change(one, other[: len(one)]), MOST_RANKINGS))
    every = np.array([[one.value for one in indices.size]])
    return max(by_points, float(rank_change(indices.left_out, np.broadcast_to(every, indices.left_out.shape)).max()))


def rank_change(one: Floats, other: Floats) -> Floats:
    """Mean number of places that parameters change between two sets of indices (n, d), weighted by the larger squared.

    The adjusted and weighted rank statistic of Sarrazin et al. 2016; shape (n,).
    """
    moved = np.abs(rankdata(-one, axis=1) - rankdata(-other, axis=1))
    weights = np.square(np.maximum(np.abs(one), np.abs(other)))
    whole = weights.sum(axis=1)
    change: Floats = np.divide((moved * weights).sum(axis=1), whole, out=np.zeros_like(whole), where=whole > 0.0)
    return change


def stages(compute: Callable[[int], Indices], samples: int) -> tuple[Stage, ...]:
    """Indices from the first quarter, the first half and all of the samples; parts of fewer than two are left out."""
    sizes = dict.fromkeys(samples // part for part in PARTS)
    return tuple(stage_of(compute(size)) for size in sizes if size >= 2)
