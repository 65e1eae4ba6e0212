"""Where a difference crosses zero as one input rises, and how sure that is.

The curve is a straight line where the input was sampled, and a monotone one through its levels where few values were
listed: a monotone curve through scattered points has no interval that the bootstrap can give (Sen, Banerjee & Woodroofe
2010, Annals of Statistics 38:1953), and a line would bend what few levels show. The interval of the crossing is every
value at which the band of the curve holds zero, as Fieller's theorem has it for a line (Fieller 1954, Journal of the
Royal Statistical Society B 16:175): it may be open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.optimize import isotonic_regression

from runs.statistics import LEVEL, Interval

Floats = NDArray[np.float64]

LINE, MONOTONE = "straight line", "monotone curve"
CROSSES, SAME_SIDE, UNRESOLVED = "crosses", "no crossing", "not resolved"
MOST_LEVELS = 12  # different values up to which they are levels (assumption)
REPEATS = 400
GRID = 61
POINTS_EACH = 5  # points for each coefficient of a line: with fewer, other inputs are left out (assumption)
ROUNDING = 1e-12


@dataclass(frozen=True)
class Resampling:
    """What the bootstrap draws again: ``clusters`` (n,) of rows that share worlds or seeds, or the common seeds too.

    ``units``, two or more, is the smaller number of what is drawn: the interval rests on so many.
    """

    clusters: NDArray[np.int64]
    seeds_too: bool
    units: int


@dataclass(frozen=True)
class Crossing:
    """A difference against one input.

    ``at`` is where the curve crosses zero, NaN where it does not between ``first`` and ``last``; ``interval`` holds it,
    with infinite ends where the band holds zero up to an end of what was tried, NaN where it holds zero nowhere.
    ``rising`` says whether the difference grows with the input. ``grid``, ``curve``, ``low`` and ``high`` are the curve
    and its band; ``swing`` is the change of the curve from the input's low tenth to its high tenth, with its interval,
    and ``ends`` the curve at these two (levels: from the lowest to the highest, as they are). ``bends`` says that the
    curve does not fit: then a crossing is not to be trusted.
    """

    verdict: str
    at: float
    interval: Interval
    first: float
    last: float
    rising: bool
    fit: str
    grid: Floats
    curve: Floats
    low: Floats
    high: Floats
    tenths: Interval
    ends: Interval
    swing: float
    swing_interval: Interval
    bends: bool
    units: int


def break_even(
    x: Floats,
    differences: Floats,
    resampling: Resampling,
    random_state: int,
    others: Floats | None = None,
    level: float = LEVEL,
) -> Crossing:
    """Where the mean difference crosses zero as x rises.

    Args:
        x: values of one numeric input, shape (n,), at least two different ones.
        differences: paired differences, shape (n, S seeds).
        resampling: what is drawn again.
        random_state: of the bootstrap.
        others: other inputs of the same points, shape (n, d): a line is fitted at their means.
        level: of intervals.

    Raises:
        ValueError: shapes that do not fit, numbers that are not finite, or a single value of x.
    """
    values, y = np.asarray(x, np.float64), np.asarray(differences, np.float64)
    if values.ndim != 1 or y.ndim != 2 or len(values) != len(y) or resampling.clusters.shape != values.shape:
        raise ValueError(f"expected x (n,), differences (n, S) and clusters (n,), got {values.shape} and {y.shape}")
    if not (np.isfinite(values).all() and np.isfinite(y).all()):
        raise ValueError("x and differences must be finite numbers")
    levels = np.unique(values)
    if levels.size < 2:
        raise ValueError("expected at least two different values of x")
    stepped = levels.size <= MOST_LEVELS
    rng = np.random.default_rng(random_state)
    grid = levels if stepped else np.linspace(levels[0], levels[-1], GRID)
    tenths = levels[[0, -1]] if stepped else np.quantile(values, [0.1, 0.9])
    if stepped:
        curves, means = _monotone(values, y, resampling, rng)
        at_tenths = means[:, [0, -1]]  # not of the curves: these have a direction even in noise
        steps = np.diff(means, axis=1)
        misfits = -steps if curves[0, -1] >= curves[0, 0] else steps
    else:
        both, misfits = _line(values, y, resampling, rng, np.concatenate([grid, tenths]), others)
        curves, at_tenths = both[:, : grid.size], both[:, grid.size :]
    half = _reach(curves, resampling.units, level)
    swings = at_tenths[:, 1] - at_tenths[:, 0]
    swing, reach = float(swings[0]), float(_reach(swings, resampling.units, level))
    each = 1.0 - (1.0 - level) / misfits.shape[1]  # any of them by chance as often as one alone (Bonferroni)
    curve, low, high = curves[0], curves[0] - half, curves[0] + half
    return Crossing(
        verdict=_verdict(low, high),
        at=crossing_of(grid, curve),
        interval=where_zero_is_held(grid, low, high),
        first=float(levels[0]),
        last=float(levels[-1]),
        rising=bool(curve[-1] >= curve[0]),
        fit=MONOTONE if stepped else LINE,
        grid=grid,
        curve=curve,
        low=low,
        high=high,
        tenths=(float(tenths[0]), float(tenths[1])),
        ends=(float(at_tenths[0, 0]), float(at_tenths[0, 1])),
        swing=swing,
        swing_interval=(swing - reach, swing + reach),
        bends=bool((misfits[0] > _reach(misfits, resampling.units, each) + ROUNDING).any()),
        units=resampling.units,
    )


def _reach(repeats: Floats, units: int, level: float) -> Floats:
    """Half-widths of intervals, from the estimate (the first row) and its repeats (the others).

    A bootstrap of n units lacks a factor n / (n - 1) of the variance, and few units ask for Student's t (Davison &
    Hinkley 1997, *Bootstrap Methods and their Application*, section 2.3).
    """
    t = float(special.stdtrit(units - 1, 0.5 + level / 2.0))
    wide: Floats = t * math.sqrt(units / (units - 1)) * repeats[1:].std(axis=0)
    return wide


def _monotone(x: Floats, y: Floats, resampling: Resampling, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Monotone curves through the means of levels, and these means, each (1 + B, levels)."""
    levels, place = np.unique(x, return_inverse=True)
    means, weights = _fitted(np.eye(levels.size)[place], y, resampling, rng)
    kept = (weights > 0.0).all(axis=1)  # a sample of few clusters may lack a level
    means, weights = means[kept], weights[kept]
    centred = levels - np.average(levels, weights=weights[0])
    rising = float((weights[0] * centred) @ means[0]) >= 0.0
    fits = (isotonic_regression(m, weights=w, increasing=rising) for m, w in zip(means, weights, strict=True))
    return np.array([fit.x for fit in fits]), means


def _line(
    x: Floats, y: Floats, resampling: Resampling, rng: np.random.Generator, at: Floats, others: Floats | None
) -> tuple[Floats, Floats]:
    """Straight lines at some values, (1 + B, at), other inputs at their means, and how much a parabola would bend."""
    middle, scale = float(x.mean()), float(x.std())
    z = (x - middle) / scale
    beside = np.empty((len(x), 0)) if others is None else others - others.mean(axis=0)
    spread = beside.std(axis=0)
    beside = beside[:, spread > 0.0] / spread[spread > 0.0]
    if len(x) < POINTS_EACH * (beside.shape[1] + 3):
        beside = beside[:, :0]
    straight = np.column_stack([np.ones_like(z), z, beside])
    coefficients, _ = _fitted(straight, y, resampling, rng)
    curves = coefficients[:, :1] + coefficients[:, 1:2] * ((at - middle) / scale)
    bent, _ = _fitted(np.column_stack([straight, z * z]), y, resampling, rng)
    return curves, bent[:, -1:] * (1.0 if bent[0, -1] >= 0.0 else -1.0)


def _fitted(basis: Floats, y: Floats, resampling: Resampling, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Least squares for all rows and for B bootstrap samples: coefficients and weights of columns, each (1 + B, p)."""
    clusters = np.unique(resampling.clusters, return_inverse=True)[1]
    n_clusters, n_seeds, p = int(clusters.max()) + 1, y.shape[1], basis.shape[1]
    squares, products = np.zeros((n_clusters, p, p)), np.zeros((n_clusters, n_seeds, p))
    np.add.at(squares, clusters, basis[:, :, None] * basis[:, None, :])
    np.add.at(products, clusters, y[:, :, None] * basis[:, None, :])
    drawn = rng.multinomial(n_clusters, np.full(n_clusters, 1.0 / n_clusters), REPEATS)
    times = np.vstack([np.ones(n_clusters), drawn])
    seeds = np.ones((REPEATS + 1, n_seeds))
    if resampling.seeds_too:
        seeds[1:] = rng.multinomial(n_seeds, np.full(n_seeds, 1.0 / n_seeds), REPEATS)
    left = np.tensordot(times, squares, axes=1)
    right = np.einsum("bs,bsp->bp", seeds / n_seeds, np.tensordot(times, products, axes=1))
    coefficients = np.einsum("bpq,bq->bp", np.linalg.pinv(left, hermitian=True), right)
    return coefficients, np.diagonal(left, axis1=1, axis2=2)


def _verdict(low: Floats, high: Floats) -> str:
    """Whether the band leaves out zero at both ends, and on which sides; a monotone curve does the rest."""
    first, last = (1 if low[k] > 0.0 else -1 if high[k] < 0.0 else 0 for k in (0, -1))
    if first * last < 0:
        return CROSSES
    return SAME_SIDE if first * last > 0 and not ((low <= 0.0) & (high >= 0.0)).any() else UNRESOLVED


def crossing_of(grid: Floats, curve: Floats) -> float:
    """Where a monotone curve between points crosses zero, the middle of where it is zero; NaN where it does not."""
    if (curve == 0.0).all() or curve.min() > 0.0 or curve.max() < 0.0:
        return math.nan
    rising = curve if curve[-1] >= curve[0] else -curve
    return float(np.mean([_last(grid, rising), -_last(-grid[::-1], -rising[::-1])]))


def _last(grid: Floats, rising: Floats) -> float:
    """Last place at which a rising curve is not above zero."""
    k = int(np.searchsorted(rising, 0.0, side="right")) - 1
    if k + 1 >= len(grid):
        return float(grid[-1])
    return float(grid[k] - rising[k] * (grid[k + 1] - grid[k]) / (rising[k + 1] - rising[k])) if k >= 0 else grid[0]


def where_zero_is_held(grid: Floats, low: Floats, high: Floats) -> Interval:
    """Ends of all places at which a band holds zero, infinite beyond an end of the grid that does; NaN without any."""
    fine = np.unique(np.concatenate([np.linspace(a, b, GRID) for a, b in pairwise(grid)]))
    below, above = np.interp(fine, grid, low), np.interp(fine, grid, high)
    held = fine[(below <= 0.0) & (above >= 0.0)]
    if held.size == 0:
        return math.nan, math.nan
    return (
        -math.inf if held[0] == grid[0] else float(held[0]),
        math.inf if held[-1] == grid[-1] else float(held[-1]),
    )
