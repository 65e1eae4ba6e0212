"""Proper scores of an ensemble, and whether observations fall where the ensemble says.

Draws are on the first axis: arrays of shape (draws, ...) are scored against observations of shape (...), and the
scores have shape (...). Lower is better. Continuous ranked probability and interval scores are scoringrules' own.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from scipy import stats

from abm.randomness import uniforms
from calibration.forecasting import PIT
from calibration.record_table import Floats

LEVEL = 0.90
# Upper ends of the bins of the ignorance score: 0, 1-2, 3-5, 6-10, ..., 501-1000, more (Hegre et al. 2024,
# arXiv:2407.11045).
BIN_ENDS = (0, 2, 5, 10, 25, 50, 100, 250, 500, 1000)


@cache
def _scoringrules() -> Any:
    # Imported late: it loads Numba, and the options that abm.compiled sets must come first.
    try:
        return import_module("scoringrules")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("scores need scoringrules: install sector-centre[calibration]") from error


def _checked(draws: Floats, observed: Floats) -> tuple[Floats, Floats]:
    values, truth = np.asarray(draws, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    if values.ndim == 0 or values.shape[1:] != truth.shape:
        raise ValueError(f"expected draws of shape (draws, *{truth.shape}), got {values.shape}")
    if values.shape[0] < 2:
        raise ValueError("expected at least 2 draws")
    return values, truth


def crps(draws: Floats, observed: Floats) -> Floats:
    """Continuous ranked probability score E|X - y| - E|X - X'|/2, in the unit of the counts.

    The fair estimator: it does not grow as draws become fewer, so forecasters with 500 and with 2,000 draws compare
    (Ferro 2014, Quarterly Journal of the Royal Meteorological Society 140:1917).
    """
    values, truth = _checked(draws, observed)
    # "pwm" is the fair estimator by sorting; "fair" compares all pairs of draws.
    score: Floats = _scoringrules().crps_ensemble(truth, np.moveaxis(values, 0, -1), estimator="pwm", backend="numpy")
    return np.asarray(score, dtype=np.float64)


def ignorance(draws: Floats, observed: Floats) -> Floats:
    """Minus the binary logarithm of the probability of the observation's bin, in bits.

    Bins are BIN_ENDS; one draw is added to each bin, so that no bin is impossible: the smoothing of the VIEWS challenge
    (Hegre et al. 2024, arXiv:2407.11045).
    """
    values, truth = _checked(draws, observed)
    bins = len(BIN_ENDS) + 1
    same = np.searchsorted(BIN_ENDS, values) == np.searchsorted(BIN_ENDS, truth)
    score: Floats = -np.log2((same.sum(axis=0) + 1.0) / (values.shape[0] + bins))
    return score


def central_interval(draws: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Lowest and highest of the central draws, values that were drawn: two arrays of shape (...)."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(np.asarray(draws, dtype=np.float64), [tail, 1.0 - tail], axis=0, method="inverted_cdf")
    return low, high


def interval_score(draws: Floats, observed: Floats, level: float = LEVEL) -> Floats:
    """Width of the central interval, plus 2/(1 - level) times how far the observation lies outside (Winkler 1972)."""
    values, truth = _checked(draws, observed)
    low, high = central_interval(values, level)
    score = _scoringrules().interval_score(truth, low, high, 1.0 - level, backend="numpy")
    return np.asarray(score, dtype=np.float64).reshape(truth.shape)  # the library drops axes of length one


def covered(draws: Floats, observed: Floats, level: float = LEVEL) -> Floats:
    """1 where the central interval holds the observation, else 0.

    With counts near zero a perfect forecaster covers more than ``level``: judge by :func:`randomised_pit`.
    """
    values, truth = _checked(draws, observed)
    low, high = central_interval(values, level)
    return ((low <= truth) & (truth <= high)).astype(np.float64)


def pit_uniforms(seed: int, shape: tuple[int, ...]) -> Floats:
    """Keyed uniforms that place an observation among draws equal to it: one for each observation, shape as given."""
    return uniforms(seed, PIT, np.arange(int(np.prod(shape)), dtype=np.int64), 0, 0).reshape(shape)


def randomised_pit(draws: Floats, observed: Floats, u: Floats) -> Floats:
    """Rank of the observation among the draws, ties broken by ``u``, as a number in (0, 1).

    Exactly uniform if the observation is one more draw of the same law (Czado, Gneiting & Held 2009, Biometrics
    65:1254, for the randomisation).
    """
    values, truth = _checked(draws, observed)
    below, equal = (values < truth).sum(axis=0), (values == truth).sum(axis=0)
    ranks: Floats = (below + u * (equal + 1.0)) / (values.shape[0] + 1.0)
    return ranks


def uniformity(pit: Floats, bins: int = 10) -> tuple[Floats, float]:
    """Share of transforms in each of equal bins, and the p-value of Pearson's chi-square against equal shares.

    NaN are left out. Transforms of neighbouring months depend on each other, so p is too small where they are pooled.
    """
    values = pit[np.isfinite(pit)]
    counts = np.histogram(values, bins=bins, range=(0.0, 1.0))[0]
    return counts / counts.sum(), float(stats.chisquare(counts).pvalue)
