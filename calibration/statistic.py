"""What a summary statistic is, and the standard errors that several of them share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.aggregates import Aggregates
from calibration.near_repeat import Floats, Integers

OfAggregates = Callable[[Aggregates], float]

BOOTSTRAPS = 400  # gives a standard error to within 4 %
BOOTSTRAP_SEED = 20172020


@dataclass(frozen=True)
class Statistic:
    """A number computed alike from observed and from simulated aggregates; not a number where they do not tell it.

    Args:
        name: in snake_case, unique.
        label: in plain words.
        group: totals, monthly, weekly, season, sizes, near_repeat, following, places or victims.
        unit: of the number.
        value: of aggregates.
        tolerance: standard error of the value of aggregates, were their events a sample: the scale of discrepancy.
        basis: how the tolerance is obtained, in words.
        by_year: whether the value follows ``Aggregates.in_year``; others are pooled over the record.
    """

    name: str
    label: str
    group: str
    unit: str
    value: OfAggregates
    tolerance: OfAggregates
    basis: str
    by_year: bool


def proportion(part: float, whole: float) -> float:
    """A share, not a number of nothing."""
    return part / whole if whole > 0 else math.nan


def proportion_error(part: float, whole: float) -> float:
    """Binomial standard error with one success and one failure added, so that none and all are not known for sure."""
    share = (part + 1.0) / (whole + 2.0)
    return math.sqrt(share * (1.0 - share) / whole) if whole > 0 else math.nan


def bootstrap_error(histogram: Integers, statistic: Callable[[Integers], float]) -> float:
    """Standard deviation of a statistic of a histogram over resampled units, always the same resamples."""
    total = int(histogram.sum())
    if total == 0:
        return math.nan
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    resampled = rng.multinomial(total, histogram / total, size=BOOTSTRAPS)
    return float(np.std([statistic(sample) for sample in resampled], ddof=1))


def jackknife_error(cells: Sequence[Floats], statistic: Callable[[Sequence[Floats]], float]) -> float:
    """Standard error of a statistic of independent cells by leaving out each (Efron & Tibshirani 1993, chapter 11)."""
    n = len(cells)
    if n < 2:
        return math.nan
    without = np.array([statistic([*cells[:i], *cells[i + 1 :]]) for i in range(n)])
    return float(math.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))


def cells_by(counts: Floats, group: Integers) -> list[Floats]:
    """Successive counts split by group, leaving out groups of one and groups without events."""
    split = [counts[group == number] for number in np.unique(group).tolist()]
    return [cell for cell in split if cell.size > 1 and cell.sum() > 0]


def dispersion(cells: Sequence[Floats]) -> float:
    """Mean over cells of variance over mean: one for counts that come independently at a steady rate in each cell."""
    return float(np.mean([cell.var(ddof=1) / cell.mean() for cell in cells])) if cells else math.nan


def dispersion_error(cells: Sequence[Floats]) -> float:
    """Standard error of :func:`dispersion` as of a mean over cells."""
    if len(cells) < 2:
        return math.nan
    ratios = [cell.var(ddof=1) / cell.mean() for cell in cells]
    return float(np.std(ratios, ddof=1) / math.sqrt(len(cells)))


def autocorrelation(cells: Sequence[Floats]) -> float:
    """Lag-one autocorrelation of deviations from each cell's mean, pooled over cells.

    Of independent counts its mean is not zero but about -1 over the length of a cell.
    """
    deviations = [cell - cell.mean() for cell in cells]
    squares = sum(float(d @ d) for d in deviations)
    return proportion(sum(float(d[1:] @ d[:-1]) for d in deviations), squares)
