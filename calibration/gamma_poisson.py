"""The discounted gamma-Poisson filter: what recent months and neighbours in the zone say, without any agent.

Rates are gamma distributed and forget: each month the shape and rate of their distribution are discounted before the
new count is added (power discounting: Smith 1979, JRSS B 41:375; Harvey & Fernandes 1989, JBES 7:407):

    a_t = d a_{t-1} + y_t,    b_t = d b_{t-1} + E_t

with exposure E the month's length, its season and growth. The filter runs in each cercle, and in each zone with another
discount. A zone's level is shared out over its cercles by Dirichlet shrinkage: all events so far, plus some in
proportion to population. h months ahead a cercle's rate has forgotten d^h of its own past and is drawn to its part of
the zone's level instead (forgetting towards a prior, not towards nothing: Kulhavý & Zarrop 1993, Int. J. Control
58:905):

    a_h = d^h a + k p,    b_h = d^h b + k,    p = level of the zone x share of the cercle

Counts are then negative binomial, with the scatter of single months added. Which discounts, weights and growth to
believe is not typed: a grid of settings is scored on forecasts of 1 to 12 months made before the origin, and draws come
from the settings in proportion to how well they did.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from abm.geography import CERCLES, ZONE_OF_CERCLE, ZONES, cercle_population
from calibration.death_law import cercle_pmfs, draw_deaths
from calibration.forecasting import (
    CERCLE_LEVEL,
    COUNT,
    DEATH_COUNT,
    MONTH_LEVEL,
    SETTING,
    ZONE_LEVEL,
    check_question,
    draw_uniforms,
    forecast_uniforms,
    gamma_quantile,
    poisson_quantile,
)
from calibration.record_table import Floats, Integers, RecordTable, days_in_month

ZONE = np.array(ZONE_OF_CERCLE)
IN_ZONE = np.eye(len(ZONES))[ZONE]  # (15, 4)
# A rate before any data, worth next to nothing: a twentieth of an event a month, known as from three days.
FIRST_RATE, FIRST_MONTHS = 0.05, 0.1
SMALLEST_SHAPE = 1e-6
GROWTH_MONTHS = 6  # assumption: growth is carried forward half a year, then the level stays
SEASON_WINDOW = 6  # months either side that a season is measured against
SCORED_AHEAD = 12
FIRST_SCORED = 6  # settings are scored on forecasts made after at least so many months
# A target month is forecast from up to 12 earlier ones, so log scores are counted as a twelfth; the rest is tempering,
# because cells of one month are not independent (assumption; scores of 2018-2020 had been seen when it was chosen, and
# hardly depend on it: from 1/12 to 1/144 the pooled CRPS of events changes by 1 %).
LEARNING_RATE = 1.0 / 36.0


class Grid(NamedTuple):
    """Values that each setting may take; all combinations are tried.

    Assumptions: they bracket what may be. Which of these parts a filter should have was decided with the scores of
    2018-2020 in sight; how far to believe each value is decided before each origin.
    """

    seasons: tuple[float, ...] = (30.0, math.inf)  # events that "no season" is worth in each month; infinite: none
    growths: tuple[float, ...] = (-0.02, 0.0, 0.02)  # log growth of rates a month
    cercle_discounts: tuple[float, ...] = (0.6, 0.75, 0.9)
    zone_discounts: tuple[float, ...] = (0.5, 0.65, 0.8, 0.9)
    population_weights: tuple[float, ...] = (15.0, 120.0, 1000.0)  # events of a zone shared out by population
    zone_months: tuple[float, ...] = (1.0, 3.0)  # k: months of record that the zone's level is worth; 0: none
    month_shapes: tuple[float, ...] = (4.0, 8.0)  # shape of the gamma scatter of single months; infinite: none

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of values."""
        return tuple(len(values) for values in self)


GRID = Grid()


class Predictive(NamedTuple):
    """Negative binomials of a grid of settings.

    ``mean``, ``level_shape`` (of the gamma distribution of the level) and ``zone_part`` (of that shape: what comes from
    the zone and not from the cercle's own past, 0..1) have shape (settings, horizon, 15); ``month_shape`` (of the
    scatter of single months) has shape (settings,).
    """

    mean: Floats
    level_shape: Floats
    zone_part: Floats
    month_shape: Floats

    @property
    def shape(self) -> Floats:
        """Shape of the negative binomial: relative variances of level and month add up (settings, horizon, 15)."""
        return 1.0 / (1.0 / self.level_shape + 1.0 / self.month_shape[:, None, None])


def discounted(counts: Floats, exposure: Floats, discount: float) -> tuple[Floats, Floats]:
    """The filter run to the end: shape a (n,) and rate b of gamma distributions.

    Args:
        counts: events by month, shape (months, n).
        exposure: exposure by month, shape (months,) or (..., months); b has shape (...).
        discount: part of the past that each month keeps, 0..1.
    """
    weight = discount ** np.arange(counts.shape[0])[::-1]
    forgotten = discount ** counts.shape[0]
    return FIRST_RATE * FIRST_MONTHS * forgotten + weight @ counts, FIRST_MONTHS * forgotten + exposure @ weight


def season_factors(totals: Floats, first: int, weight: float) -> Floats:
    """Multiple of the level by calendar month, January first, shape (12,), shrunk to 1 by so many events.

    Each month is set against the mean of the months within half a year of it, as far as they are recorded, so that
    growth is not taken for a season.
    """
    if math.isinf(weight):
        return np.ones(12)
    months = totals.size
    around = [totals[max(0, t - SEASON_WINDOW) : t + SEASON_WINDOW + 1].mean() for t in range(months)]
    expected = np.array(around) * days_in_month(first, months)
    calendar_month = (first + np.arange(months)) % 12
    seen = np.bincount(calendar_month, weights=totals, minlength=12)
    usual = np.bincount(calendar_month, weights=expected, minlength=12)
    factors: Floats = (seen + weight) / (usual + weight)
    return factors


def exposures(totals: Floats, first: int, horizon: int, grid: Grid) -> Floats:
    """Length x season x growth of recorded and coming months: shape (seasons, growths, months + horizon)."""
    months = totals.size
    length = days_in_month(first, months + horizon)
    season = np.array([season_factors(totals, first, weight) for weight in grid.seasons])
    ahead = np.minimum(np.arange(-months, horizon) + 1, GROWTH_MONTHS)
    growth = np.exp(np.array(grid.growths)[:, None] * ahead)
    calendar_month = (first + np.arange(months + horizon)) % 12
    values: Floats = length * season[:, calendar_month][:, None, :] * growth
    return values


def population_shares() -> Floats:
    """Part of each cercle in its zone's population, shape (15,)."""
    people = cercle_population().astype(np.float64)
    shares: Floats = people / (people @ IN_ZONE)[ZONE]
    return shares


def dirichlet_shares(counts: Floats, weight: float) -> Floats:
    """Mean part of each cercle in its zone's events, shape (15,): all counts, plus ``weight`` shared by population."""
    alpha = counts.sum(axis=0) + weight * population_shares()
    shares: Floats = alpha / (alpha @ IN_ZONE)[ZONE]
    return shares


def predict(counts: Integers, first: int, horizon: int, grid: Grid = GRID) -> Predictive:
    """Negative binomials of events 1 to ``horizon`` months after a record (months, 15), for each setting of a grid."""
    events = counts.astype(np.float64)
    months = events.shape[0]
    exposure = exposures(events.sum(axis=1), first, horizon, grid)
    past, future = exposure[..., :months], exposure[..., months:]
    shares = np.array([dirichlet_shares(events, weight) for weight in grid.population_weights])
    own = [discounted(events, past, d) for d in grid.cercle_discounts]
    zone = [discounted(events @ IN_ZONE, past, d) for d in grid.zone_discounts]
    # Axes: season, growth, cercle discount, zone discount, population weight, zone months; then months ahead, cercle.
    zone_level = np.array([a / b[..., None] for a, b in zone])[..., ZONE]  # zone discount, season, growth, cercle
    drawn_to = np.moveaxis(zone_level, 0, 2)[:, :, None, :, None, None, None, :] * shares[:, None, None, :]
    k = np.array(grid.zone_months)[:, None, None]
    kept = np.array(grid.cercle_discounts)[:, None] ** np.arange(1, horizon + 1)
    from_zone = k * drawn_to
    a = (kept[:, :, None] * np.array([a for a, _ in own])[:, None, :])[:, None, None, None] + from_zone
    a = np.maximum(a, SMALLEST_SHAPE)
    b_own = np.moveaxis(np.array([b for _, b in own]), 0, 2)  # season, growth, cercle discount
    b = (b_own[..., None] * kept)[:, :, :, None, None, None, :, None] + k
    mean = a / b * future[:, :, None, None, None, None, :, None]
    full, flat = (*grid.shape, horizon, len(CERCLES)), (-1, horizon, len(CERCLES))
    mean, a, part = (np.broadcast_to(v[..., None, :, :], full).reshape(flat) for v in (mean, a, from_zone / a))
    return Predictive(mean, a, part, np.broadcast_to(np.array(grid.month_shapes), grid.shape).ravel())


def log_probability(counts: Floats, mean: Floats, shape: Floats) -> Floats:
    """Log probability of counts under negative binomials of given mean and shape."""
    values: Floats = (
        special.gammaln(counts + shape)
        - special.gammaln(shape)
        - special.gammaln(counts + 1.0)
        + special.xlog1py(shape, -mean / (shape + mean))
        + special.xlogy(counts, mean / (shape + mean))
    )
    return values


def setting_weights(counts: Integers, first: int, grid: Grid = GRID, learning_rate: float = LEARNING_RATE) -> Floats:
    """How far to believe each setting: shape (settings,), adding up to 1.

    Each setting forecasts 1 to 12 months from every month of the record (months, 15) but the first few, from what came
    before it alone; weights are in proportion to exp(learning rate x sum of log scores of months that are recorded). An
    infinite rate believes the best setting alone.
    """
    total = np.zeros(int(np.prod(grid.shape)))
    for origin in range(FIRST_SCORED, counts.shape[0]):
        horizon = min(SCORED_AHEAD, counts.shape[0] - origin)
        law = predict(counts[:origin], first, horizon, grid)
        seen = counts[origin : origin + horizon].astype(np.float64)
        total += log_probability(seen, law.mean, law.shape).sum(axis=(1, 2))
    return weights_of(total, learning_rate)


def weights_of(log_scores: Floats, learning_rate: float) -> Floats:
    """Weights adding up to 1, in proportion to exp(learning rate x log score); all to the first best if infinite."""
    if math.isinf(learning_rate):
        return np.asarray(np.arange(log_scores.size) == log_scores.argmax(), dtype=np.float64)
    weight = np.exp(learning_rate * (log_scores - log_scores.max()))
    return np.asarray(weight / weight.sum(), dtype=np.float64)


class Levels(NamedTuple):
    """What the filter believes at the end of a record, under the setting that forecast best.

    Gamma distributions of the events of a mean month (30.4 days) without season, in the last month recorded:
    ``zone_shape`` (4,) over ``zone_rate``, ``cercle_shape`` (15,) over ``cercle_rate``. ``dirichlet`` (15,): parameters
    of the shares of a zone's cercles; ``season`` (12,): multiples by calendar month, January first; ``growth``: log
    growth a month.
    """

    zone_shape: Floats
    zone_rate: float
    cercle_shape: Floats
    cercle_rate: float
    dirichlet: Floats
    season: Floats
    growth: float


def settings_of(grid: Grid, chosen: Integers) -> dict[str, Floats]:
    """Values of chosen settings (n,) of a grid, in the order of :class:`Predictive`: (n,) for each of its fields."""
    values = np.array(np.meshgrid(*grid, indexing="ij")).reshape(len(grid), -1)[:, chosen]
    return dict(zip(grid._fields, values, strict=True))


def filtered_levels(record: RecordTable, grid: Grid = GRID) -> Levels:
    """Zone and cercle levels at the end of a record, to start a simulation from."""
    counts = record.target_events
    best = np.array([setting_weights(counts, record.first, grid).argmax()], dtype=np.int64)
    chosen = {name: float(value[0]) for name, value in settings_of(grid, best).items()}
    alone = Grid(*((value,) for value in chosen.values()))
    events = counts.astype(np.float64)
    totals = events.sum(axis=1)
    exposure = exposures(totals, record.first, 0, alone)[0, 0]
    zone_shape, zone_rate = discounted(events @ IN_ZONE, exposure, chosen["zone_discounts"])
    cercle_shape, cercle_rate = discounted(events, exposure, chosen["cercle_discounts"])
    return Levels(
        zone_shape=zone_shape,
        zone_rate=float(zone_rate),
        cercle_shape=cercle_shape,
        cercle_rate=float(cercle_rate),
        dirichlet=events.sum(axis=0) + chosen["population_weights"] * population_shares(),
        season=season_factors(totals, record.first, chosen["seasons"]),
        growth=chosen["growths"],
    )


def _walk(z: Floats, kept: Floats) -> Floats:
    """Stationary standard normal walks from independent normals (draws, horizon, n), keeping ``kept`` (draws,)."""
    walk = z.copy()
    fresh = np.sqrt(1.0 - kept * kept)
    for ahead in range(1, z.shape[1]):
        walk[:, ahead] = kept[:, None] * walk[:, ahead - 1] + fresh[:, None] * z[:, ahead]
    return walk


def _normals(purpose: int, origin: int, horizon: int, draws: int, columns: int = len(CERCLES)) -> Floats:
    values: Floats = special.ndtri(forecast_uniforms(purpose, origin, horizon, draws, columns))
    return values


@dataclass(frozen=True)
class GammaPoisson:
    """The filter as a forecaster of events, with deaths by the recorded law of deaths per event.

    Each cercle and month has the negative binomial of its setting. Between months and cercles a draw hangs together by
    a Gaussian copula: levels walk as fast as the filter forgets, and cercles of a zone share as much of the doubt about
    their level as comes from the zone.
    """

    grid: Grid = GRID
    learning_rate: float = LEARNING_RATE

    def rates(
        self, record: RecordTable, origin: int, horizon: int, draws: int, *, scatter: bool = True
    ) -> tuple[Floats, Floats]:
        """Draws of rates, and their means under each draw's setting: two arrays of shape (draws, horizon, 15).

        Without ``scatter`` of single months a rate is the level alone: for those who make their own scatter.
        """
        check_question(record, origin, horizon, draws)
        if not record.known.all():
            raise ValueError("the filter needs a record of every cercle; forecast others with calibration.spatial")
        counts = record.target_events
        law = predict(counts, record.first, horizon, self.grid)
        upper = np.cumsum(setting_weights(counts, record.first, self.grid, self.learning_rate))
        chosen = np.searchsorted(upper / upper[-1], draw_uniforms(SETTING, origin, draws))
        setting = settings_of(self.grid, chosen)
        # Under power discounting levels h months apart correlate by d^(h/2).
        zone = _walk(_normals(ZONE_LEVEL, origin, horizon, draws, len(ZONES)), np.sqrt(setting["zone_discounts"]))
        own = _walk(_normals(CERCLE_LEVEL, origin, horizon, draws), np.sqrt(setting["cercle_discounts"]))
        shared = np.clip(law.zone_part[chosen], 0.0, 1.0)
        level = np.sqrt(shared) * zone[:, :, ZONE] + np.sqrt(1.0 - shared) * own
        mean = law.mean[chosen]
        if not scatter:
            return gamma_quantile(special.ndtr(level), mean, law.level_shape[chosen]), mean
        shape = law.shape[chosen]
        of_level = np.minimum(shape / law.level_shape[chosen], 1.0)
        month = _normals(MONTH_LEVEL, origin, horizon, draws)
        u = special.ndtr(np.sqrt(of_level) * level + np.sqrt(1.0 - of_level) * month)
        return gamma_quantile(u, mean, shape), mean

    def events(self, record: RecordTable, origin: int, horizon: int, draws: int) -> Integers:
        """Draws of events, shape (draws, horizon, 15)."""
        rate, _ = self.rates(record, origin, horizon, draws)
        counted = poisson_quantile(forecast_uniforms(COUNT, origin, horizon, draws), rate)
        return counted.astype(np.int64)

    def __call__(self, record: RecordTable, origin: int, horizon: int, draws: int, /) -> Floats:
        """Draws of events and deaths, shape (draws, horizon, 15, 2)."""
        events = self.events(record, origin, horizon, draws)
        u = forecast_uniforms(DEATH_COUNT, origin, horizon, draws)
        return np.stack([events, draw_deaths(cercle_pmfs(record), events, u)], axis=-1)
