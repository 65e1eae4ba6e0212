"""Targets of level, of pace and of season: from events and deaths by month, and events by week."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from abm.geography import CERCLE_LABELS, CERCLES, ZONE_OF_CERCLE, ZONES
from abm.kinds import KINDS
from calibration.aggregates import Aggregates
from calibration.gamma_poisson import season_factors
from calibration.near_repeat import Floats, Integers
from calibration.statistic import (
    Statistic,
    autocorrelation,
    cells_by,
    dispersion,
    dispersion_error,
    jackknife_error,
)

IN_ZONE = np.eye(len(ZONES), dtype=np.int64)[list(ZONE_OF_CERCLE)]
YEAR_MONTHS = 12
NO_EVENTS = 1e-9  # keeps months without any event around them from dividing by nought
SEASONS = {"aug_sep": ((7, 8), "August and September"), "mar": ((2,), "March"), "jun": ((5,), "June")}


def weekly_cells(weekly: Integers, quarters: Integers) -> list[Floats]:
    """Counts of successive weeks, one array per calendar quarter."""
    return cells_by(weekly.astype(np.float64), quarters)


def _weeks(a: Aggregates, kind: int | None = None) -> list[Floats]:
    whole = a.whole_weeks
    counts = a.weekly.sum(axis=1) if kind is None else a.weekly[:, kind]
    return weekly_cells(counts[whole], a.week_quarters[whole])


def _bunching(a: Aggregates, kind: int | None = None) -> float:
    """Variance over mean of weeks within quarters, at least one: by what counts vary more than independent events."""
    found = dispersion(_weeks(a, kind))
    return max(1.0, found) if math.isfinite(found) else 1.0


def overall_dispersion(weeks: Floats) -> float:
    """Variance over mean of all weeks together, the trend included."""
    return float(weeks.var(ddof=1) / weeks.mean()) if weeks.size > 1 and weeks.sum() > 0 else math.nan


def _zone_years(a: Aggregates) -> list[Floats]:
    """Events of the whole months of each zone in each calendar year: two arrays or more."""
    whole = a.whole_months
    by_zone = (a.events.sum(axis=2) @ IN_ZONE)[whole].astype(np.float64)
    years = a.months[whole] // YEAR_MONTHS
    return [cell for zone in by_zone.T for cell in cells_by(zone, years)]


def _mean_squares(a: Aggregates) -> Floats:
    """Mean of squared deaths per event by kind, of all kinds together where a kind has no events: shape (10,)."""
    squares = np.arange(a.sizes.shape[1], dtype=np.float64) ** 2
    events = a.sizes.sum(axis=1)
    pooled = float((a.sizes @ squares).sum() / max(events.sum(), 1))
    means: Floats = np.where(events > 0, (a.sizes @ squares) / np.maximum(events, 1), pooled)
    return means


def _events(a: Aggregates, kind: int | None = None, cercle: int | None = None) -> float:
    kinds = slice(None) if kind is None else kind
    return float(a.events[:, slice(None) if cercle is None else cercle, kinds].sum() / a.years)


def _events_error(a: Aggregates, kind: int | None = None, cercle: int | None = None) -> float:
    events = _events(a, kind, cercle) * a.years
    return math.sqrt(max(events, 1.0) * _bunching(a, kind)) / a.years


def _deaths(a: Aggregates, kind: int | None = None, cercle: int | None = None) -> float:
    kinds = slice(None) if kind is None else kind
    return float(a.deaths[:, slice(None) if cercle is None else cercle, kinds].sum() / a.years)


def _deaths_error(a: Aggregates, kind: int | None = None, cercle: int | None = None) -> float:
    squares = _mean_squares(a)
    events = a.events[:, slice(None) if cercle is None else cercle].reshape(-1, len(KINDS)).sum(axis=0)
    kinds = list(range(len(KINDS))) if kind is None else [kind]
    variance = max(float((events * squares)[kinds].sum()), float(squares[kinds].min()))
    return math.sqrt(variance * _bunching(a, kind)) / a.years


_OF_EVENTS = "Poisson, times variance over mean of the weeks within quarters"
_OF_DEATHS = "compound Poisson: events times mean squared deaths by kind, times variance over mean as of events"


def _totals() -> Iterator[Statistic]:
    where: list[tuple[str, str, dict[str, int]]] = [("all", "all kinds", {})]
    where += [(kind, kind.replace("_", " "), {"kind": k}) for k, kind in enumerate(KINDS)]
    where += [(name.lower(), CERCLE_LABELS[c], {"cercle": c}) for c, name in enumerate(CERCLES)]
    measures: tuple[tuple[str, Callable[..., float], Callable[..., float], str], ...] = (
        ("events", _events, _events_error, _OF_EVENTS),
        ("deaths", _deaths, _deaths_error, _OF_DEATHS),
    )
    for measure, value, error, basis in measures:
        for slug, words, axes in where:
            label = f"{measure} a year, {words}"
            yield Statistic(
                f"{measure}_{slug}", label, "totals", f"{measure} per year",
                partial(value, **axes), partial(error, **axes), basis, True,
            )  # fmt: skip


def _monthly() -> Iterator[Statistic]:
    yield Statistic(
        "monthly_dispersion", "variance over mean of monthly events, by zone and year", "monthly", "ratio",
        lambda a: dispersion(_zone_years(a)), lambda a: dispersion_error(_zone_years(a)),
        "standard error of a mean over zones and years", True,
    )  # fmt: skip
    yield Statistic(
        "monthly_autocorrelation", "correlation of a month's events with the next month's, by zone and year",
        "monthly", "correlation", lambda a: autocorrelation(_zone_years(a)),
        lambda a: jackknife_error(_zone_years(a), autocorrelation), "jackknife over zones and years", True,
    )  # fmt: skip


def _weekly() -> Iterator[Statistic]:
    def overall(cells: list[Floats]) -> float:
        return overall_dispersion(np.concatenate(cells)) if cells else math.nan

    def all_weeks(a: Aggregates) -> float:
        return overall_dispersion(a.weekly.sum(axis=1)[a.whole_weeks].astype(np.float64))

    yield Statistic(
        "weekly_dispersion", "variance over mean of weekly events", "weekly", "ratio",
        all_weeks, lambda a: jackknife_error(_weeks(a), lambda cells: overall(list(cells))),
        "jackknife over quarters", True,
    )  # fmt: skip
    yield Statistic(
        "weekly_dispersion_within_quarters", "variance over mean of weekly events within quarters", "weekly", "ratio",
        lambda a: dispersion(_weeks(a)), lambda a: dispersion_error(_weeks(a)),
        "standard error of a mean over quarters", True,
    )  # fmt: skip
    yield Statistic(
        "weekly_autocorrelation", "correlation of a week's events with the next week's within quarters", "weekly",
        "correlation", lambda a: autocorrelation(_weeks(a)), lambda a: jackknife_error(_weeks(a), autocorrelation),
        "jackknife over quarters", True,
    )  # fmt: skip


def season_multiple(a: Aggregates, months: tuple[int, ...]) -> float:
    """Events of some calendar months (0 is January) as a multiple of the level of the months around them.

    As :func:`calibration.gamma_poisson.season_factors` without shrinkage: relative to the mean of up to 13 months
    around, so that growth is no season; one where there is none. Not a number of less than a year of whole months, or
    without events.
    """
    whole = a.whole_months
    totals = a.events.sum(axis=(1, 2))[whole].astype(np.float64)
    if totals.size < YEAR_MONTHS or totals.sum() == 0:
        return math.nan
    factors = season_factors(totals, int(a.months[whole][0]), NO_EVENTS)
    return float(factors[list(months)].mean())


def _season_error(a: Aggregates, months: tuple[int, ...]) -> float:
    seen = float(a.events.sum(axis=(1, 2))[np.isin(a.months % YEAR_MONTHS, months) & a.whole_months].sum())
    return max(season_multiple(a, months), 1.0 / max(seen, 1.0)) * math.sqrt(_bunching(a) / max(seen, 1.0))


def _season() -> Iterator[Statistic]:
    for slug, (months, words) in SEASONS.items():
        yield Statistic(
            f"season_{slug}", f"events in {words} over the level of the months around", "season", "multiple",
            partial(season_multiple, months=months), partial(_season_error, months=months),
            "delta method: relative error of the events of those months, as of totals", True,
        )  # fmt: skip


COUNT_STATISTICS = (*_totals(), *_monthly(), *_weekly(), *_season())
