"""Forecasts that any model must beat: nothing at all, the last month again, and the past year's distribution.

"Conflictology" is the field's hard baseline: the empirical distribution of the unit's own past months, the same for
every month ahead (Hegre et al. 2024, "The 2023/24 VIEWS Prediction Challenge", arXiv:2407.11045).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from abm.geography import CERCLES
from calibration.forecasting import (
    COUNT,
    DEATH_COUNT,
    PAST_MONTH,
    VARIABLES,
    Forecaster,
    check_question,
    forecast_uniforms,
    negative_binomial_quantile,
    poisson_quantile,
)
from calibration.record_table import Floats, RecordTable

JEFFREYS_SHAPE = 0.5  # of the gamma prior of a Poisson rate that is invariant under change of scale (Jeffreys 1946)
ROUNDING = 1e-9


def _past(record: RecordTable, months: int) -> Floats:
    """Events and deaths of the last months, or of all where there are fewer: shape (months, 15, 2)."""
    both = np.stack([record.target_events, record.target_deaths], axis=-1).astype(np.float64)
    past: Floats = both[-months:]
    return past


def zero(record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
    """Nothing will happen."""
    check_question(record, origin, horizon, draws)
    return np.zeros((draws, horizon, len(CERCLES), len(VARIABLES)))


def last_month(record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
    """Every month will be as the last one."""
    check_question(record, origin, horizon, draws)
    return np.tile(_past(record, 1)[None], (draws, horizon, 1, 1))


def conflictology(months: int) -> Forecaster:
    """Each month ahead is one of the past ``months``, each as likely; events and deaths of the same past month."""

    def forecast(record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
        check_question(record, origin, horizon, draws)
        past = _past(record, months)
        # One past month for all cercles of a draw: what happened together stays together.
        u = forecast_uniforms(PAST_MONTH, origin, horizon, draws, columns=1)[:, :, 0]
        chosen: Floats = past[(u * past.shape[0]).astype(np.int64)]
        return chosen

    return forecast


def moments_law(past: Floats) -> tuple[Floats, Floats]:
    """Mean and shape of negative binomials by the method of moments: (months, ...) to two arrays of shape (...).

    Where the variance is no more than the mean, the shape is infinite: a Poisson law. Where nothing happened in n
    months, the law is the predictive of Jeffreys' prior after n empty months: the mean of moments, 0, would be certain
    that nothing ever will.
    """
    months = past.shape[0]
    mean = past.mean(axis=0)
    variance = past.var(axis=0, ddof=1) if months > 1 else np.zeros_like(mean)
    excess = variance - mean
    # One event in all has a variance equal to its mean but for rounding.
    spread = excess > ROUNDING * mean
    shape = np.divide(mean * mean, excess, out=np.full_like(mean, np.inf), where=spread)
    empty = mean == 0
    return np.where(empty, JEFFREYS_SHAPE / months, mean), np.where(empty, JEFFREYS_SHAPE, shape)


def negative_binomial(months: int) -> Forecaster:
    """Events and deaths each from a negative binomial with the moments of the past ``months``, by cercle."""

    def forecast(record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
        check_question(record, origin, horizon, draws)
        mean, shape = moments_law(_past(record, months))
        purposes = (COUNT, DEATH_COUNT)
        u = np.stack([forecast_uniforms(purpose, origin, horizon, draws) for purpose in purposes], axis=-1)
        mean, shape = np.broadcast_to(mean, u.shape), np.broadcast_to(shape, u.shape)
        spread = np.isfinite(shape)
        values = np.empty(u.shape)
        values[spread] = negative_binomial_quantile(u[spread], mean[spread], shape[spread])
        values[~spread] = poisson_quantile(u[~spread], mean[~spread])
        return values

    return forecast


BASELINES: Mapping[str, Forecaster] = MappingProxyType(
    {
        "zero": zero,
        "last month": last_month,
        "conflictology, 12 months": conflictology(12),
        "conflictology, 24 months": conflictology(24),
        "negative binomial, 12 months": negative_binomial(12),
    }
)
