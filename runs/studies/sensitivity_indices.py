"""Sobol' indices and Morris' elementary effects of an outcome that is itself noisy, with both kinds of doubt.

All functions are pure and take outcomes of shape (K points, S seeds), seeds common to all points. What is explained is
the mean over seeds at each point. It still holds noise of seeds, a part of what the indices see, so that two doubts are
kept apart: which points were drawn (bootstrap over base samples or trajectories), and which seeds (each is left out
in turn: jackknife, Efron & Stein 1981, Annals of Statistics 9:586, which rather overstates the variance). They are
added as variances, with the few degrees of freedom that few seeds give (Satterthwaite 1946, Biometrics Bulletin 2:110).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from runs.folders import ResultError
from runs.statistics import Interval, leaves_out_zero, spread
from runs.studies.extras import needs_analysis

Floats = NDArray[np.float64]

LEVEL = 0.95  # that of the convergence rule: see runs.studies.convergence
RESAMPLES = 500
SOBOL, MORRIS = "sobol", "morris"
ROUNDING = 1e-9  # of the largest: what adding the same numbers in another order may give


@dataclass(frozen=True)
class Estimate:
    """An estimate, its standard errors from the choice of points and of seeds, and how many seeds there were."""

    value: float
    of_points: float
    of_seeds: float
    seeds: int

    def half(self, level: float = LEVEL) -> float:
        """Half the width of the interval, both errors together."""
        points, seeds = self.of_points * self.of_points, self.of_seeds * self.of_seeds
        if not seeds > 0.0:
            return self.half_of_points(level)
        freedom = (self.seeds - 1) * (points + seeds) * (points + seeds) / (seeds * seeds)
        return float(special.stdtrit(freedom, 0.5 + level / 2.0)) * math.sqrt(points + seeds)

    def half_of_points(self, level: float = LEVEL) -> float:
        """Half the width that the interval would have by the choice of points alone."""
        return float(special.ndtri(0.5 + level / 2.0)) * self.of_points

    def half_of_seeds(self, level: float = LEVEL) -> float:
        """Half the width that the interval would have by the choice of seeds alone."""
        return float(special.stdtrit(self.seeds - 1, 0.5 + level / 2.0)) * self.of_seeds

    @property
    def interval(self) -> Interval:
        """Interval of LEVEL, never clipped to where the truth can be."""
        return self.value - self.half(), self.value + self.half()


@dataclass(frozen=True)
class Indices:
    """What each of d parameters does to an outcome.

    Attributes:
        method: SOBOL or MORRIS.
        names: of the parameters.
        samples: base samples or trajectories.
        signed: first-order index S1, or mean elementary effect mu: noise of seeds does not move it on average.
        size: total index ST, or mean absolute elementary effect mu*: it ranks parameters, and holds noise of seeds.
        sigma: standard deviation of elementary effects; () for Sobol'.
        together: sum of the first-order indices; None for Morris.
        noise: variance of a point's mean that is due to seeds, as a share of the variance between points.
        floor: what ``size`` would be on average for a parameter without any effect, from noise of seeds alone.
        resampled: ``size`` over resamples of points, shape (RESAMPLES, d).
        left_out: ``size`` with each seed left out, shape (S, d).
    """

    method: str
    names: tuple[str, ...]
    samples: int
    signed: tuple[Estimate, ...]
    size: tuple[Estimate, ...]
    sigma: tuple[Estimate, ...]
    together: Estimate | None
    noise: float
    floor: float
    resampled: Floats
    left_out: Floats

    @property
    def varies(self) -> bool:
        """Whether there is anything to explain: false where the outcome is the same at every point."""
        return math.isfinite(self.noise)

    @property
    def order(self) -> list[int]:
        """Positions of the parameters, the most influential first."""
        return sorted(range(len(self.names)), key=lambda k: -self.size[k].value if self.varies else k)

    @property
    def scale(self) -> float:
        """What sizes are measured against: 1 for shares of a variance, the largest for elementary effects."""
        return 1.0 if self.method == SOBOL else self.largest

    @property
    def largest(self) -> float:
        """Size of the most influential parameter."""
        return max(one.value for one in self.size)

    def told_from_zero(self, k: int) -> bool:
        """Whether a parameter has an effect that neither points nor seeds explain.

        By its signed index, away from zero (above it for S1, a share), or by its size, above the floor. For a parameter
        without effect one of these happens by chance in at most 5 of 100 cases (Sobol') or 7.5 (Morris).
        """
        low, high = self.signed[k].interval
        moves = low > 0.0 if self.method == SOBOL else leaves_out_zero((low, high))
        more_than_rounding = self.size[k].value > ROUNDING * self.largest
        return self.varies and more_than_rounding and (moves or self.size[k].interval[0] > self.floor)


def seed_noise(outcomes: Floats) -> float:
    """Variance of the mean at a point that is due to seeds, from outcomes (K, S).

    What a seed adds at every point alike is taken out first: it moves no point against another.
    """
    points = outcomes.shape[0]
    parts = spread(outcomes - outcomes.mean(axis=0))
    return float(parts.s2_seed * points / (points - 1) / parts.n_seeds)


def _explained(outcomes: Floats, rows: int, what: str) -> Floats:
    """Outcomes as an array (samples × rows, S), checked."""
    values = np.asarray(outcomes, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] % rows:
        raise ValueError(f"expected a multiple of {rows} points × seeds, got an array of shape {values.shape}")
    if values.shape[0] // rows < 2:
        raise ResultError(f"points: expected at least 2 {what}, or there is nothing to resample (found 1)")
    return values


def is_constant(means: Floats) -> bool:
    """Whether an outcome is the same at every point, but for rounding."""
    return float(means.std()) <= ROUNDING * float(np.abs(means).max())


def _without(values: Floats) -> Iterator[Floats]:
    """Means over seeds (K,), each seed left out in turn."""
    for seed in range(values.shape[1]):
        yield np.delete(values, seed, axis=1).mean(axis=1)


def _jackknife(left_out: Floats) -> Floats:
    """Standard error from values with each of S seeds left out, first axis; Efron & Stein 1981."""
    seeds = left_out.shape[0]
    error: Floats = np.sqrt((seeds - 1) * left_out.var(axis=0))
    return error


def _estimates(values: Floats, resampled: Floats, left_out: Floats) -> tuple[Estimate, ...]:
    """Estimates of d numbers: values (d,), resampled (RESAMPLES, d), left out (S, d)."""
    errors = zip(values.tolist(), resampled.std(axis=0, ddof=1).tolist(), _jackknife(left_out).tolist(), strict=True)
    return tuple(Estimate(value, points, seeds, left_out.shape[0]) for value, points, seeds in errors)


def _nothing(method: str, names: Sequence[str], samples: int, seeds: int) -> Indices:
    """Indices of an outcome that is the same at every point: none."""
    none = (Estimate(math.nan, math.nan, math.nan, seeds),) * len(names)
    sigma, together = (none, None) if method == MORRIS else ((), none[0])
    empty = np.full((0, len(names)), math.nan)
    return Indices(method, tuple(names), samples, none, none, sigma, together, math.nan, math.nan, empty, empty)


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


# --- Sobol' ---------------------------------------------------------------------------------------------------------


def sobol_indices(names: Sequence[str], y: Floats, seed: int) -> Indices:
    """First-order and total indices by SALib (Saltelli et al. 2010, Computer Physics Communications 181:259).

    Args:
        names: of d parameters.
        y: outcomes (N (d + 2) points, S seeds), in the order of SALib's sample without second order.
        seed: of the resampling.

    Raises:
        ValueError: outcomes of another shape, or not finite.
        ResultError: fewer than two base samples, or SALib is missing.
    """
    rows = len(names) + 2
    values = _explained(y, rows, "base samples")
    samples, seeds = values.shape[0] // rows, values.shape[1]
    noise = seed_noise(values)
    means = values.mean(axis=1)
    free = _free_points(means, rows)
    if is_constant(means) or is_constant(free):
        return _nothing(SOBOL, names, samples, seeds)
    whole = _sobol(names, means, seed, RESAMPLES)
    less = [_sobol(names, left, seed, 2) for left in _without(values)]
    first, total = (np.array([found[key] for found in less]) for key in ("S1", "ST"))
    all_first, all_total = whole["S1_conf_all"], whole["ST_conf_all"]
    (together,) = _estimates(
        whole["S1"].sum(keepdims=True), all_first.sum(axis=1, keepdims=True), first.sum(axis=1, keepdims=True)
    )
    share = noise / float(free.var())
    return Indices(
        method=SOBOL,
        names=tuple(names),
        samples=samples,
        signed=_estimates(whole["S1"], all_first, first),
        size=_estimates(whole["ST"], all_total, total),
        sigma=(),
        together=together,
        noise=share,
        floor=share,
        resampled=all_total,
        left_out=total,
    )


def _free_points(means: Floats, rows: int) -> Floats:
    """Means at the points whose parameters are all drawn freely: the first and last of each base sample."""
    by_sample = means.reshape(-1, rows)
    return np.concatenate([by_sample[:, 0], by_sample[:, -1]])


def _sobol(names: Sequence[str], means: Floats, seed: int, resamples: int) -> dict[str, Floats]:
    """SALib's indices; zeros where leaving out a seed leaves nothing that varies."""
    if is_constant(_free_points(means, len(names) + 2)):
        return dict.fromkeys(("S1", "ST"), np.zeros(len(names)))
    found: dict[str, Floats] = needs_analysis("SALib.analyze.sobol").analyze(
        _problem(names),
        means,
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=LEVEL,
        keep_resamples=True,
        seed=seed + 1,  # zero would mean none
    )
    return found


# --- Morris ---------------------------------------------------------------------------------------------------------


def morris_effects(names: Sequence[str], unit: Floats, y: Floats, seed: int) -> Indices:
    """Elementary effects by SALib (Campolongo, Cariboni & Saltelli 2007, Environmental Modelling & Software 22:1509).

    In the unit of the outcome, for a step through the whole range of a parameter.

    Args:
        names: of d parameters.
        unit: points (r (d + 1), d) in the unit cube, trajectory after trajectory.
        y: outcomes (r (d + 1) points, S seeds).
        seed: of the resampling.

    Raises:
        ValueError: points that are no trajectories, outcomes of another shape, or not finite.
        ResultError: fewer than two trajectories, or SALib is missing.
    """
    values = _explained(y, len(names) + 1, "trajectories")
    effects, step = elementary_effects(unit, values)
    samples, seeds = effects.shape[0], values.shape[1]
    noise = seed_noise(values)
    means = values.mean(axis=1)
    if is_constant(means):
        return _nothing(MORRIS, names, samples, seeds)
    whole = needs_analysis("SALib.analyze.morris").analyze(
        _problem(names),
        np.asarray(unit, dtype=np.float64),
        means,
        num_resamples=2,  # resampled below, whole trajectories at once, which SALib does not
        num_levels=_levels(step),
        seed=seed + 1,
    )
    picked = np.random.default_rng(seed + 1).integers(samples, size=(RESAMPLES, samples))
    resampled = _moments(effects.mean(axis=2)[picked])
    left_out = _moments(np.array([np.delete(effects, s, axis=2).mean(axis=2) for s in range(seeds)]))
    mu, mu_star, sigma = (
        _estimates(np.asarray(whole[key], dtype=np.float64), resampled[key], left_out[key])
        for key in ("mu", "mu_star", "sigma")
    )
    return Indices(
        method=MORRIS,
        names=tuple(names),
        samples=samples,
        signed=mu,
        size=mu_star,
        sigma=sigma,
        together=None,
        noise=noise / float(means.var()),
        floor=2.0 * math.sqrt(noise / math.pi) / step,  # mean absolute value of a normal deviate of variance 2 noise
        resampled=resampled["mu_star"],
        left_out=left_out["mu_star"],
    )


def _moments(effects: Floats) -> dict[str, Floats]:
    """Mu, mu* and sigma of effects (..., r, d) over the trajectories."""
    return {
        "mu": effects.mean(axis=-2),
        "mu_star": np.abs(effects).mean(axis=-2),
        "sigma": effects.std(axis=-2, ddof=1),
    }


def elementary_effects(unit: Floats, outcomes: Floats) -> tuple[Floats, float]:
    """Elementary effects (r trajectories, d parameters, S seeds) and the length of a step in the unit cube.

    Raises:
        ValueError: points that are no trajectories, each moving every parameter once, by steps of one length.
    """
    points = np.asarray(unit, dtype=np.float64)
    d, seeds = points.shape[1], outcomes.shape[1]
    moves = np.diff(points.reshape(-1, d + 1, d), axis=1)
    moved = np.abs(moves) > 1e-9
    which = moved.argmax(axis=2)
    each_once = bool((moved.sum(axis=1) == 1).all() and (moved.sum(axis=2) == 1).all())
    steps = np.take_along_axis(moves, which[:, :, None], axis=2)
    step = float(np.abs(steps).mean())
    if not each_once or not np.allclose(np.abs(steps), step):
        raise ValueError("unit: expected trajectories that move every parameter once, by steps of one length")
    slopes = np.diff(outcomes.reshape(-1, d + 1, seeds), axis=1) / steps
    effects = np.empty_like(slopes)
    np.put_along_axis(effects, np.broadcast_to(which[:, :, None], slopes.shape), slopes, axis=1)
    return effects, step


def _levels(step: float) -> int:
    """Levels of a grid p whose steps are p / (2 (p - 1)) long (Morris 1991, Technometrics 33:161)."""
    return round(2.0 * step / (2.0 * step - 1.0))
