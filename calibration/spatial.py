"""Forecasts of cercles without a record of their own, from population and neighbours: the check in space.

A rate per head is taken over from neighbours, in proportion to the length of the common border, and from the region.
How much of each, how slowly to forget and how far a cercle may stray from what its surroundings say is chosen on the
known cercles, each predicted from the others, before the origin.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from abm.geography import CERCLES, cercle_population, fine_cells
from calibration.death_law import draw_deaths, regional_law
from calibration.forecasting import (
    COUNT,
    DEATH_COUNT,
    PAST_MONTH,
    SETTING,
    check_question,
    draw_uniforms,
    forecast_uniforms,
    negative_binomial_quantile,
)
from calibration.gamma_poisson import FIRST_SCORED, LEARNING_RATE, SCORED_AHEAD, discounted, log_probability, weights_of
from calibration.record_table import Floats, RecordTable, days_in_month

# Between them, what may be (assumptions): chosen from on the record before the origin.
DISCOUNTS = (0.75, 0.9, 0.97)
NEIGHBOURS_PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)
SHAPES = (0.15, 0.3, 0.6, 1.2)  # of the gamma distribution of a cercle's rate around its surroundings'
PAST_MONTHS = 12


class Setting(NamedTuple):
    """Discount, part of the neighbours' rate in the surroundings', shape of a rate around that."""

    discount: float
    neighbours: float
    shape: float


SETTINGS = tuple(Setting(*values) for values in product(DISCOUNTS, NEIGHBOURS_PARTS, SHAPES))


@lru_cache(maxsize=1)
def borders() -> Floats:
    """Edges of 5 km cells on the border of each two cercles, shape (15, 15), symmetric, zero on the diagonal."""
    cells = fine_cells()
    owner = {(int(x), int(y)): int(c) for x, y, c in zip(cells.ix, cells.iy, cells.cercle, strict=True)}
    length = np.zeros((len(CERCLES), len(CERCLES)))
    for (x, y), cercle in owner.items():
        for beside in ((x + 1, y), (x, y + 1)):
            other = owner.get(beside, cercle)
            if other != cercle:
                length[cercle, other] += 1.0
                length[other, cercle] += 1.0
    length.setflags(write=False)
    return length


def surroundings(record: RecordTable, months: int, setting: Setting) -> Floats:
    """Rate a month of each cercle, shape (15,), by what all other known cercles saw in the first months of a record."""
    people = cercle_population().astype(np.float64)
    counts = record.target_events[:months].astype(np.float64)
    a, b = discounted(counts, days_in_month(record.first, months), setting.discount)
    known = record.known.astype(np.float64)
    others = known * (1.0 - np.eye(len(CERCLES)))
    region = (others @ a) / (others @ people)
    border = borders() * known
    touching = border.sum(axis=1) > 0
    next_door = np.divide(border @ a, border @ people, out=region.copy(), where=touching)
    rates: Floats = (setting.neighbours * next_door + (1.0 - setting.neighbours) * region) * people / b
    return rates


def setting_weights(record: RecordTable) -> Floats:
    """How far to believe each of SETTINGS, shape (settings,): by log score of known cercles, each from the others."""
    total = np.zeros(len(SETTINGS))
    counts = record.target_events
    for months in range(FIRST_SCORED, record.months):
        horizon = min(SCORED_AHEAD, record.months - months)
        seen = counts[months : months + horizon, record.known].astype(np.float64)
        length = days_in_month(record.first + months, horizon)[:, None]
        for place, setting in enumerate(SETTINGS):
            mean = surroundings(record, months, setting)[record.known] * length
            total[place] += log_probability(seen, mean, np.full(mean.shape, setting.shape)).sum()
    return weights_of(total, LEARNING_RATE)


def from_neighbours(record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
    """Draws for every cercle as if it had no record: from its population and the other known cercles."""
    check_question(record, origin, horizon, draws)
    upper = np.cumsum(setting_weights(record))
    chosen = np.searchsorted(upper / upper[-1], draw_uniforms(SETTING, origin, draws))
    rates = np.array([surroundings(record, record.months, setting) for setting in SETTINGS])[chosen]
    shape = np.array([setting.shape for setting in SETTINGS])[chosen]
    mean = rates[:, None, :] * days_in_month(origin, horizon)[:, None]
    u = forecast_uniforms(COUNT, origin, horizon, draws)
    events = negative_binomial_quantile(u, mean, np.broadcast_to(shape[:, None, None], u.shape)).astype(np.int64)
    pmfs = np.tile(regional_law(record).pmf, (len(CERCLES), 1))
    deaths = draw_deaths(pmfs, events, forecast_uniforms(DEATH_COUNT, origin, horizon, draws))
    return np.stack([events, deaths], axis=-1)


def population_alone(record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
    """Conflictology of the other cercles, per head: the baseline in space.

    A draw takes one known cercle, never the forecast one, for its whole length, and for each month ahead one of its
    past 12; counts are scaled by population and rounded to whole numbers.
    """
    check_question(record, origin, horizon, draws)
    past = np.stack([record.target_events, record.target_deaths], axis=-1)[-PAST_MONTHS:].astype(np.float64)
    people = cercle_population().astype(np.float64)
    which = draw_uniforms(COUNT, origin, draws)
    month = (forecast_uniforms(PAST_MONTH, origin, horizon, draws, columns=1)[:, :, 0] * past.shape[0]).astype(np.int64)
    values = np.empty((draws, horizon, len(CERCLES), past.shape[-1]))
    for cercle in range(len(CERCLES)):
        donors = np.flatnonzero(record.known & (np.arange(len(CERCLES)) != cercle))
        donor = donors[(which * donors.size).astype(np.int64)]
        scale = people[cercle] / people[donor]
        values[:, :, cercle] = np.rint(past[month, donor[:, None]] * scale[:, None, None])
    return values
