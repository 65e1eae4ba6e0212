"""What a forecast is here, and the keyed draws that forecasters make.

A forecaster is given a record that ends at the origin and answers with draws, so that baselines, the filter and the
agent model are scored by the same code.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy import special, stats

from abm.geography import CERCLES
from abm.randomness import uniforms
from calibration.record_table import Floats, RecordTable, month_name

EVENTS, DEATHS = range(2)
VARIABLES = ("events", "deaths")
FEWEST_DRAWS = 500

# Processes of abm.randomness kept for calibration; agent = number of the draw, day = month, draw = purpose and column.
FORECAST = 70
PIT = 71

# What a uniform of a forecast decides; each purpose has a column for each cercle.
PAST_MONTH, COUNT, DEATH_COUNT, SETTING, ZONE_LEVEL, CERCLE_LEVEL, MONTH_LEVEL = range(7)
COLUMNS = 32  # more than cercles or zones


class Forecaster(Protocol):
    """Draws of events and deaths by cercle, 1 to ``horizon`` months ahead.

    ``record`` ends where ``origin`` begins (``record.end == origin``, the first month to be forecast); the sum over
    ``record.target`` is forecast. The answer has shape (draws, horizon, 15 cercles, 2: events and deaths), whole
    numbers of 0 or more. Draws are equally likely; a draw is one future, so that sums over months or cercles of a draw
    are draws of the sum.
    """

    def __call__(self, record: RecordTable, origin: int, horizon: int, draws: int, /) -> Floats:
        """Forecast."""
        ...


def check_question(record: RecordTable, origin: int, horizon: int, draws: int) -> None:
    """ValueError unless the record ends at the origin, and horizon and draws are positive."""
    if record.end != origin:
        raise ValueError(
            f"record: expected one that ends before the origin {month_name(origin)}, got one up to "
            f"{month_name(record.end - 1)}"
        )
    if horizon < 1 or draws < 1:
        raise ValueError(f"expected a horizon and draws of 1 or more, got {horizon} and {draws}")


def checked(forecast: Floats, horizon: int, draws: int) -> Floats:
    """The forecast, or ValueError where it is not what :class:`Forecaster` promises."""
    values = np.asarray(forecast, dtype=np.float64)
    expected = (draws, horizon, len(CERCLES), len(VARIABLES))
    if values.shape != expected:
        raise ValueError(f"forecast: expected an array of shape {expected}, got {values.shape}")
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.rint(values)).any():
        raise ValueError("forecast: expected whole numbers of 0 or more")
    return values


def forecast_uniforms(purpose: int, origin: int, horizon: int, draws: int, columns: int = len(CERCLES)) -> Floats:
    """Keyed uniforms of one purpose, shape (draws, horizon, columns): by draw, month, and cercle or zone.

    The origin is the seed: errors of sampling at different origins are independent and average out in pooled scores.
    """
    agents = np.arange(draws, dtype=np.int64)
    values = np.empty((draws, horizon, columns))
    for ahead in range(horizon):
        for column in range(columns):
            values[:, ahead, column] = uniforms(origin, FORECAST, agents, origin + ahead, purpose * COLUMNS + column)
    return values


def draw_uniforms(purpose: int, origin: int, draws: int) -> Floats:
    """Keyed uniforms that hold for a whole draw, shape (draws,)."""
    return forecast_uniforms(purpose, origin, 1, draws, 1)[:, 0, 0]


def gamma_quantile(u: Floats, mean: Floats, shape: Floats) -> Floats:
    """Quantiles of gamma distributions of given mean and shape."""
    values: Floats = special.gammaincinv(shape, u) / shape * mean
    return values


def poisson_quantile(u: Floats, mean: Floats) -> Floats:
    """Quantiles of Poisson distributions, whole numbers; 0 where the mean is 0."""
    values: Floats = np.where(mean > 0, stats.poisson.ppf(u, np.maximum(mean, np.finfo(np.float64).tiny)), 0.0)
    return values


def negative_binomial_quantile(u: Floats, mean: Floats, shape: Floats) -> Floats:
    """Quantiles of negative binomials of given mean and shape (variance = mean + mean²/shape), whole numbers."""
    values: Floats = stats.nbinom.ppf(u, shape, shape / (shape + mean))
    return values
