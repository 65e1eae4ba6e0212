"""Semi-automatic summaries: many statistics become one estimated posterior mean for each parameter.

A ridge regression on the statistics, their squares and products of the strongest is fitted on the whole table
(Fearnhead & Prangle 2012, Journal of the Royal Statistical Society B 74:419). Statistics are standardised by median and
median absolute deviation; heavy-tailed ones (counts, deaths) are better given as logarithms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from calibration.errors import CalibrationError
from calibration.record_table import Floats, Integers

MAD_TO_SD = 1.4826  # of a normal distribution
WIDEST = 10.0  # assumption: standardised statistics are cut here, or squares of rare extremes would rule the regression
PENALTIES = 10.0 ** np.arange(-7.0, 2.0)  # of features with unit variance, as a share of the number of rows
VALIDATED = 5  # each fifth row chooses the penalty
BEST_R_SQUARED = 1.0 - 1e-6  # a summary that errs less than this is not trusted further
CHUNK = 4096  # rows of features in memory at a time


@dataclass(frozen=True, eq=False)
class Scale:
    """Median and robust spread of each statistic that varies.

    A statistic without value in some rows counts as its median there, and a flag says so. What never varies is dropped.
    """

    kept: Integers
    dropped: tuple[str, ...]
    centre: Floats
    spread: Floats
    flagged: Integers  # places among the kept

    def plain(self, statistics: Floats) -> Floats:
        """Standardised statistics (n, kept), the median where there is no value; not cut."""
        values = (statistics[:, self.kept] - self.centre) / self.spread
        return np.where(np.isnan(values), 0.0, values)

    def cut(self, statistics: Floats) -> Floats:
        """Standardised statistics (n, kept) within WIDEST."""
        return np.clip(self.plain(statistics), -WIDEST, WIDEST)

    def flags(self, statistics: Floats) -> Floats:
        """1 where a flagged statistic has no value: (n, flagged)."""
        return np.isnan(statistics[:, self.kept[self.flagged]]).astype(np.float64)


def scale_of(statistics: Floats, names: tuple[str, ...]) -> Scale:
    """Scale of a table's statistics (n, s).

    Raises:
        CalibrationError: no statistic varies.
    """
    kept, centre, spread = [], [], []
    for column, values in enumerate(statistics.T):
        known = values[~np.isnan(values)]
        if known.size < 2 or known.min() == known.max():
            continue
        median = float(np.median(known))
        # Half of the rows may share one value, such as 0: then the standard deviation has to do.
        robust = MAD_TO_SD * float(np.median(np.abs(known - median)))
        kept.append(column)
        centre.append(median)
        spread.append(robust if robust > 0 else float(known.std()))
    if not kept:
        raise CalibrationError("statistics: expected some that vary from row to row")
    columns = np.array(kept, dtype=np.int64)
    flagged = np.flatnonzero(np.isnan(statistics[:, columns]).any(axis=0))
    dropped = tuple(name for column, name in enumerate(names) if column not in kept)
    return Scale(columns, dropped, np.array(centre), np.array(spread), flagged)


@dataclass(frozen=True, eq=False)
class Summaries:
    """The fitted regression: statistics (n, s) to summaries (n, p), in standard deviations of the prior.

    ``r_squared`` (p,) is measured on the rows that chose the penalty, of which the fit then knew nothing.
    """

    scale: Scale
    pairs: tuple[tuple[int, int], ...]
    intercept: Floats
    slopes: Floats
    r_squared: Floats

    @property
    def standard_errors(self) -> Floats:
        """Of the estimated means, in standard deviations of the prior, shape (p,)."""
        return np.sqrt(1.0 - np.clip(self.r_squared, 0.0, BEST_R_SQUARED))

    def __call__(self, statistics: Floats) -> Floats:
        """Estimated posterior means, shape (n, p)."""
        chunks = _feature_chunks(self.scale, self.pairs, statistics)
        return np.concatenate([features @ self.slopes + self.intercept for features in chunks])


def fit_summaries(statistics: Floats, targets: Floats, names: tuple[str, ...], products: int) -> Summaries:
    """Regress standardised targets (n, p), one for each parameter, on features of the statistics (n, s).

    Args:
        statistics: of the table, NaN where without value.
        targets: parameters on their transformed scale, with mean 0 and variance 1.
        names: of the statistics.
        products: of how many strongest statistics all pairwise products are taken.
    """
    scale = scale_of(statistics, names)
    pairs = tuple(combinations(_strongest(scale.cut(statistics), targets, products).tolist(), 2))
    chosen = np.arange(len(statistics)) % VALIDATED == 0
    train = _moments(scale, pairs, statistics[~chosen], targets[~chosen])
    test = _moments(scale, pairs, statistics[chosen], targets[chosen])
    ridge = _Ridge(train)
    errors = np.stack([test.squared_error(*ridge.solve(penalty)) for penalty in PENALTIES])  # (penalties, p)
    best = errors.argmin(axis=0)
    everything = _Ridge(train + test)
    solved = [everything.solve(penalty) for penalty in PENALTIES]
    columns = range(targets.shape[1])
    intercept = np.array([solved[best[k]][0][k] for k in columns])
    slopes = np.stack([solved[best[k]][1][:, k] for k in columns], axis=1)
    r_squared = 1.0 - errors.min(axis=0) / test.squared_error(train.target_mean, np.zeros_like(slopes))
    return Summaries(scale, pairs, intercept, slopes, r_squared)


def _strongest(values: Floats, targets: Floats, count: int) -> Integers:
    """Statistics that correlate best, the best of each parameter first: no parameter's are crowded out by another's."""
    spread = values.std(axis=0)
    spread[spread == 0] = np.inf
    correlation = np.abs((values - values.mean(axis=0)).T @ targets) / (len(values) * spread[:, None])
    place = np.argsort(np.argsort(-correlation, axis=0, kind="stable"), axis=0, kind="stable")
    order = np.lexsort((-correlation.max(axis=1), place.min(axis=1)))
    return np.sort(order[:count]).astype(np.int64)


def _feature_chunks(scale: Scale, pairs: tuple[tuple[int, int], ...], statistics: Floats) -> Iterator[Floats]:
    """Features of some rows at a time: statistics, squares, products, flags."""
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    for first in range(0, len(statistics), CHUNK):
        part = statistics[first : first + CHUNK]
        z = scale.cut(part)
        yield np.concatenate([z, z * z, z[:, left] * z[:, right], scale.flags(part)], axis=1)


@dataclass(frozen=True, eq=False)
class _Moments:
    """Sums over rows of features F and targets Y: all that linear least squares needs to know of them."""

    rows: int
    f: Floats
    y: Floats
    ff: Floats
    fy: Floats
    yy: Floats

    def __add__(self, other: _Moments) -> _Moments:
        pairs = ((self.f, other.f), (self.y, other.y), (self.ff, other.ff), (self.fy, other.fy), (self.yy, other.yy))
        return _Moments(self.rows + other.rows, *(mine + theirs for mine, theirs in pairs))

    @property
    def target_mean(self) -> Floats:
        return self.y / self.rows

    def squared_error(self, intercept: Floats, slopes: Floats) -> Floats:
        """Sum of squared residuals of each target, shape (p,)."""
        quadratic = np.einsum("fk,fg,gk->k", slopes, self.ff, slopes, optimize=True)
        linear = (slopes * self.fy).sum(axis=0)
        constant = intercept * (self.rows * intercept - 2.0 * self.y + 2.0 * self.f @ slopes)
        error: Floats = self.yy - 2.0 * linear + quadratic + constant
        return error


def _moments(scale: Scale, pairs: tuple[tuple[int, int], ...], statistics: Floats, targets: Floats) -> _Moments:
    total: _Moments | None = None
    first = 0
    for features in _feature_chunks(scale, pairs, statistics):
        y = targets[first : first + len(features)]
        first += len(features)
        part = _Moments(
            len(y), features.sum(axis=0), y.sum(axis=0), features.T @ features, features.T @ y, (y * y).sum(axis=0)
        )
        total = part if total is None else total + part
    if total is None:
        raise CalibrationError("table: expected at least one row")
    return total


class _Ridge:
    """Ridge regression of features with unit variance, for many penalties at the price of one."""

    def __init__(self, moments: _Moments) -> None:
        n = moments.rows
        self.mean, self.target = moments.f / n, moments.y / n
        covariance = moments.ff / n - np.outer(self.mean, self.mean)
        variance = np.diag(covariance)
        # A feature that does not vary in these rows, such as the flag of a rare gap, gets no slope.
        self.spread = np.sqrt(np.where(variance > 1e-12, variance, np.inf))
        cross = moments.fy / n - np.outer(self.mean, self.target)
        correlation = covariance / np.outer(self.spread, self.spread)
        values, self.vectors = np.linalg.eigh(correlation)
        self.values = np.maximum(values, 0.0)
        self.turned = self.vectors.T @ (cross / self.spread[:, None])

    def solve(self, penalty: float) -> tuple[Floats, Floats]:
        """Intercept (p,) and slopes (features, p)."""
        slopes: Floats = (self.vectors @ (self.turned / (self.values + penalty)[:, None])) / self.spread[:, None]
        return self.target - self.mean @ slopes, slopes
