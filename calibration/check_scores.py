"""Scores of forecasters as plain lists that a file keeps, and differences between them with intervals.

Intervals resample origins and units (cercles, or zones) with replacement, each apart and both at once: a block is one
unit at one origin with all its months ahead, and what all units of an origin, or all origins of a unit, have in common
is drawn together (the pigeonhole bootstrap: Owen 2007, Annals of Applied Statistics 1:386; its intervals are rather too
wide than too narrow). Forecasters are paired: both are scored on the same blocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from calibration.forecasting import VARIABLES
from calibration.record_table import Floats
from calibration.rolling import POOLED, SCORES, Checked, Scores

RESAMPLES = 2000
RESAMPLING_SEED = 20172020
OF_ORIGINS, OF_UNITS = range(2)
LEVEL = 0.90
DECIMALS = 6

Packed = dict[str, list[Any]]


def packed(scores: Scores) -> Packed:
    """Scores by name as nested lists (origins, steps, units, variables), rounded to six decimals."""
    return {name: np.round(scores.by_name[name], DECIMALS).tolist() for name in SCORES}


def unpacked(found: Packed, origins: tuple[int, ...], months_a_step: int, steps: int, units: int) -> Scores:
    """The inverse of :func:`packed`.

    Raises:
        ValueError: a score is missing, or has not the shape that origins, steps and units make.
    """
    shape = (len(origins), steps, units, len(VARIABLES))
    by_name = {}
    for name in SCORES:
        try:
            values = np.array(found[name], dtype=np.float64)
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"{name}: expected scores of shape {shape}") from None
        if values.shape != shape:
            raise ValueError(f"{name}: expected scores of shape {shape}, found {values.shape}")
        by_name[name] = values
    return Scores(origins, months_a_step, by_name)


def joined(parts: Sequence[Scores]) -> Scores:
    """Scores of several origins, each in a part of its own."""
    by_name = {name: np.concatenate([part.by_name[name] for part in parts]) for name in SCORES}
    return Scores(tuple(origin for part in parts for origin in part.origins), parts[0].months_a_step, by_name)


def joined_checks(parts: Sequence[Checked]) -> Checked:
    """The same for cercles and zones together."""
    return Checked(joined([part.cells for part in parts]), joined([part.zone_quarters for part in parts]))


@dataclass(frozen=True)
class Estimate:
    """A number with its 90 % interval."""

    value: float
    low: float
    high: float

    @property
    def resolved(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0.0 or self.high < 0.0


@lru_cache(maxsize=32)
def _weights(n: int, purpose: int) -> Floats:
    """How often each of n things is drawn, in each resample: shape (RESAMPLES, n); always the same resamples."""
    generator = np.random.default_rng((RESAMPLING_SEED, purpose))
    return generator.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES).astype(np.float64)


def _ratio(over: Floats, under: Floats) -> Estimate:
    """Sum of ``over`` by sum of ``under``, both (origins, units); origins and units of noughts only are left out."""
    there = (over != 0.0) | (under != 0.0)
    has_origin, has_unit = there.any(axis=1), there.any(axis=0)
    if not under.any():
        return Estimate(math.nan, math.nan, math.nan)
    over, under = over[has_origin][:, has_unit], under[has_origin][:, has_unit]
    origins, units = _weights(under.shape[0], OF_ORIGINS), _weights(under.shape[1], OF_UNITS)
    tops, bottoms = (((origins @ sums) * units).sum(axis=1) for sums in (over, under))
    ratios = tops[bottoms > 0.0] / bottoms[bottoms > 0.0]
    low, high = np.quantile(ratios, ((1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0))
    return Estimate(float(over.sum() / under.sum()), float(low), float(high))


def mean_of(values: Floats) -> Estimate:
    """Mean of a score over cells (origins, steps, units); cells without value count nowhere."""
    known = np.isfinite(values)
    return _ratio(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64))


def percent_more(mine: Floats, theirs: Floats) -> Estimate:
    """How much larger the sum of a score is than another forecaster's over the same cells, in per cent.

    Not a number where the other's is nought in all.
    """
    sums = [np.where(np.isfinite(values), values, 0.0).sum(axis=1) for values in (mine, theirs)]
    found = _ratio(sums[0], sums[1])
    return Estimate(*(100.0 * (value - 1.0) for value in (found.value, found.low, found.high)))


# --- contests -------------------------------------------------------------------------------------------------------

AHEAD: Mapping[str, tuple[int, ...]] = {
    "1 to 12": tuple(range(1, 13)), "1 to 3": (1, 2, 3), "4 to 6": (4, 5, 6), "7 to 12": tuple(range(7, 13)),
}  # fmt: skip
ALL_AHEAD = "1 to 12"
PROPER = ("crps", "ignorance", "interval")  # proper scores, the first the one that counts most


@dataclass(frozen=True)
class Contest:
    """One forecaster against all others on one target, variable, group of months ahead and score (lower is better).

    ``better`` names others with a lower mean, the best first; ``best`` is the best of all others, and ``difference``
    says how much larger the forecaster's own score is than that one's, in per cent.
    """

    target: str
    variable: str
    ahead: str
    score: str
    mine: float
    best: str
    theirs: float
    difference: Estimate
    better: tuple[str, ...]

    @property
    def lost(self) -> bool:
        """Whether any other has a lower mean score."""
        return bool(self.better)

    @property
    def resolved(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return self.difference.resolved

    @property
    def excess(self) -> float:
        """Own score less that of the best other."""
        return self.mine - self.theirs


def contest(
    target: str, checks: Mapping[str, Checked], name: str, variable: str, ahead: str, score: str,
    months: tuple[str, str] = POOLED,
) -> Contest:  # fmt: skip
    """Hold one forecaster against all others in one place."""
    values = {other: check.cells.values(score, variable, months, AHEAD[ahead]) for other, check in checks.items()}
    means = {other: float(np.nanmean(found)) for other, found in values.items()}
    others = sorted((other for other in means if other != name), key=lambda other: means[other])
    best = others[0]
    better = tuple(other for other in others if means[other] < means[name])
    difference = percent_more(values[name], values[best])
    return Contest(target, variable, ahead, score, means[name], best, means[best], difference, better)


def contests(checks: Mapping[str, Mapping[str, Checked]], name: str) -> list[Contest]:
    """Every target, variable, group of months ahead and proper score."""
    return [
        contest(target, of_target, name, variable, ahead, score)
        for target, of_target in checks.items()
        for variable in VARIABLES
        for ahead in AHEAD
        for score in PROPER
    ]


def losses(found: Sequence[Contest], score: str | None = None) -> list[Contest]:
    """Contests that were lost, those beyond their intervals first, then by how much."""
    lost = [one for one in found if one.lost and score in (None, one.score)]

    def size(one: Contest) -> float:
        return one.difference.value if math.isfinite(one.difference.value) else math.inf

    return sorted(lost, key=lambda one: (not one.resolved, -size(one)))
