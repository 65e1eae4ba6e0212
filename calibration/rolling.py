"""Forecasts from rolling origins, scored against what was recorded afterwards, in time and in space.

At each origin a forecaster is given what was recorded before it and no more; its draws for the months ahead are scored
cell by cell. Scores are pooled over calendar months, horizons and kinds on demand.

``python -m calibration.rolling`` measures the baselines and the gamma-Poisson filter.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from abm.geography import CERCLES
from calibration.baselines import BASELINES, zero
from calibration.forecasting import FEWEST_DRAWS, VARIABLES, Forecaster, checked
from calibration.gamma_poisson import GRID, IN_ZONE, GammaPoisson
from calibration.record_table import RECORDED_KINDS, Floats, RecordTable, month_name, month_number, recorded
from calibration.scores import covered, crps, ignorance, interval_score, pit_uniforms, randomised_pit
from calibration.spatial import from_neighbours, population_alone

ORIGINS = ("2018-07", "2019-01", "2019-07", "2020-01", "2020-07")
HORIZON = 12
POOLED = ("2019-01", "2020-12")  # calendar months over which scores are pooled
QUARTER = 3
ALL_KINDS = "all"
TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {ALL_KINDS: RECORDED_KINDS} | {kind: (kind,) for kind in RECORDED_KINDS}
)
SCORES = ("crps", "ignorance", "interval", "covered", "pit")
PIT_OF_CELLS, PIT_OF_ZONES = 1, 2  # seeds of the uniforms that break ties

FILTER = "gamma-Poisson filter"
FORECASTERS: Mapping[str, Forecaster] = MappingProxyType({**BASELINES, FILTER: GammaPoisson()})
# What each part of the filter earns: the same filter without it.
ABLATIONS: Mapping[str, Forecaster] = MappingProxyType(
    {
        "filter without season": GammaPoisson(GRID._replace(seasons=(math.inf,))),
        "filter without growth": GammaPoisson(GRID._replace(growths=(0.0,))),
        "filter without zones": GammaPoisson(GRID._replace(zone_months=(0.0,))),
        "filter without scatter of months": GammaPoisson(GRID._replace(month_shapes=(math.inf,))),
        "filter with the best setting alone": GammaPoisson(learning_rate=math.inf),
        "cercles alone, one discount": GammaPoisson(
            GRID._replace(
                seasons=(math.inf,), growths=(0.0,), zone_months=(0.0,), month_shapes=(math.inf,),
                cercle_discounts=tuple(np.arange(0.5, 0.96, 0.05).round(2).tolist()), zone_discounts=(1.0,),
                population_weights=(1.0,),
            ),
            learning_rate=math.inf,
        ),
    }
)  # fmt: skip
SPATIAL: Mapping[str, Forecaster] = MappingProxyType(
    {"zero": zero, "population alone": population_alone, "population and neighbours": from_neighbours}
)


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores by name, each of shape (origins, horizon, units, 2 variables); NaN where nothing is recorded yet.

    Units are the 15 cercles and months, or the 4 zones and quarters (horizon then counts quarters).
    """

    origins: tuple[int, ...]
    months_a_step: int
    by_name: Mapping[str, Floats]

    def mean(
        self,
        score: str,
        variable: str,
        months: tuple[str, str] = POOLED,
        ahead: Sequence[int] | None = None,
        units: Sequence[int] | None = None,
    ) -> float:
        """Mean of a score over calendar months (first and last), steps ahead (1 is the first) and units."""
        return float(np.nanmean(self.values(score, variable, months, ahead, units)))

    def values(
        self,
        score: str,
        variable: str,
        months: tuple[str, str] = POOLED,
        ahead: Sequence[int] | None = None,
        units: Sequence[int] | None = None,
    ) -> Floats:
        """A score at the chosen places, shape (origins, horizon, units); NaN elsewhere."""
        values = self.by_name[score][..., VARIABLES.index(variable)].copy()
        steps = np.arange(values.shape[1])
        first = np.array(self.origins)[:, None] + steps * self.months_a_step
        last = first + self.months_a_step - 1
        values[(first < month_number(months[0])) | (last > month_number(months[1]))] = np.nan
        if ahead is not None:
            values[:, ~np.isin(steps + 1, ahead)] = np.nan
        return values if units is None else values[:, :, list(units)]


class Checked(NamedTuple):
    """Scores of one forecaster and target: cercles by month, and zones by quarter (sums of each draw)."""

    cells: Scores
    zone_quarters: Scores


def _score(draws: Floats, observed: Floats, seed: int) -> dict[str, Floats]:
    return {
        "crps": crps(draws, observed),
        "ignorance": ignorance(draws, observed),
        "interval": interval_score(draws, observed),
        "covered": covered(draws, observed),
        "pit": randomised_pit(draws, observed, pit_uniforms(seed, observed.shape)),
    }


def by_zone_quarter(values: Floats) -> Floats:
    """Sums over zones and whole quarters: (..., months, 15, 2) to (..., months // 3, 4, 2)."""
    quarters = values.shape[-3] // QUARTER
    whole = values[..., : quarters * QUARTER, :, :]
    summed = whole.reshape(*values.shape[:-3], quarters, QUARTER, *values.shape[-2:]).sum(axis=-3)
    zones: Floats = np.einsum("...cv,cz->...zv", summed, IN_ZONE)
    return zones


def _stacked(parts: list[dict[str, Floats]], steps: int) -> dict[str, Floats]:
    """Scores of each origin under one another, filled with NaN to the same number of steps."""
    stacked = {}
    for name in SCORES:
        filled = [
            np.pad(part[name], ((0, steps - len(part[name])), (0, 0), (0, 0)), constant_values=np.nan) for part in parts
        ]
        stacked[name] = np.stack(filled)
    return stacked


def _observed(record: RecordTable, origin: int, horizon: int) -> Floats:
    """Events and deaths of the months from an origin on, as far as recorded: shape (months, 15, 2)."""
    both = np.stack([record.target_events, record.target_deaths], axis=-1).astype(np.float64)
    return both[origin - record.first : origin - record.first + horizon]


def _origins(origins: Iterable[str], record: RecordTable) -> tuple[int, ...]:
    numbers = tuple(month_number(origin) for origin in origins)
    for number in numbers:
        if not record.first < number < record.end:
            bounds = f"from {month_name(record.first + 1)} to {month_name(record.end - 1)}"
            raise ValueError(f"origins: expected months {bounds}, got {month_name(number)}")
    return numbers


def check_in_time(
    forecaster: Forecaster,
    record: RecordTable | None = None,
    origins: Sequence[str] = ORIGINS,
    horizon: int = HORIZON,
    draws: int = FEWEST_DRAWS,
) -> Checked:
    """Score a forecaster from rolling origins; the whole record is the embedded one unless another is given.

    The forecaster sees ``record.before(origin)``; what is forecast is the sum over ``record.target``.
    """
    whole = recorded() if record is None else record
    numbers = _origins(origins, whole)
    cells, zones = [], []
    for origin in numbers:
        observed = _observed(whole, origin, horizon)
        forecast = checked(forecaster(whole.before(origin), origin, horizon, draws), horizon, draws)
        seen = forecast[:, : observed.shape[0]]
        cells.append(_score(seen, observed, PIT_OF_CELLS + 2 * origin))
        zones.append(_score(by_zone_quarter(seen), by_zone_quarter(observed), PIT_OF_ZONES + 2 * origin))
    return Checked(
        Scores(numbers, 1, _stacked(cells, horizon)),
        Scores(numbers, QUARTER, _stacked(zones, horizon // QUARTER)),
    )


def check_in_space(
    forecaster: Forecaster,
    record: RecordTable | None = None,
    origins: Sequence[str] = ORIGINS,
    horizon: int = HORIZON,
    draws: int = FEWEST_DRAWS,
    folds: Sequence[Sequence[int]] | None = None,
) -> Scores:
    """Score a forecaster on cercles whose record it was not given.

    Each fold of cercles (default: each cercle alone) is left out in turn, from the record before the origin as well,
    and predicted from the others; only the left-out columns of the forecast are read.
    """
    whole = recorded() if record is None else record
    numbers = _origins(origins, whole)
    left_out = [[cercle] for cercle in range(len(CERCLES))] if folds is None else [list(fold) for fold in folds]
    if sorted(cercle for fold in left_out for cercle in fold) != list(range(len(CERCLES))):
        raise ValueError(f"folds: expected each of the {len(CERCLES)} cercles once")
    parts = []
    for origin in numbers:
        observed = _observed(whole, origin, horizon)
        seen = np.empty((draws, *observed.shape))
        for fold in left_out:
            given = whole.before(origin).without(fold)
            forecast = checked(forecaster(given, origin, horizon, draws), horizon, draws)
            seen[:, :, fold] = forecast[:, : observed.shape[0], fold]
        parts.append(_score(seen, observed, PIT_OF_CELLS + 2 * origin))
    return Scores(numbers, 1, _stacked(parts, horizon))


class Row(NamedTuple):
    """One number of a table of scores: ``ahead`` is 0 for all horizons together."""

    forecaster: str
    target: str
    variable: str
    score: str
    ahead: int
    value: float
    cells: int


def rows(name: str, target: str, scores: Scores, months: tuple[str, str] = POOLED) -> list[Row]:
    """Mean of each score (of the transform PIT: none) in long form, for all steps ahead together and for each."""
    table = []
    for variable in VARIABLES:
        for score in SCORES[:-1]:
            values = scores.values(score, variable, months)
            for ahead in range(values.shape[1] + 1):
                part = values if ahead == 0 else values[:, ahead - 1 : ahead]
                n = int(np.isfinite(part).sum())
                if n > 0:
                    table.append(Row(name, target, variable, score, ahead, float(np.nanmean(part)), n))
    return table


def compare(
    forecasters: Mapping[str, Forecaster],
    targets: Sequence[str] = (ALL_KINDS,),
    record: RecordTable | None = None,
    draws: int = FEWEST_DRAWS,
) -> list[Row]:
    """Rows of every forecaster and target from rolling origins."""
    whole = recorded() if record is None else record
    return [
        row
        for target in targets
        for name, forecaster in forecasters.items()
        for row in rows(name, target, check_in_time(forecaster, whole.aimed_at(TARGETS[target]), draws=draws).cells)
    ]


def as_text(table: Sequence[Row], score: str = "crps") -> str:
    """One score as a table to read: forecasters down, all horizons and each horizon across."""
    lines = []
    for variable in VARIABLES:
        for target in dict.fromkeys(row.target for row in table):
            chosen = [r for r in table if (r.variable, r.target, r.score) == (variable, target, score)]
            steps = sorted({row.ahead for row in chosen})
            lines.append(f"\n{score}, {variable}, {target}")
            lines.append(f"{'':36}" + "".join(f"{'all' if ahead == 0 else ahead:>8}" for ahead in steps))
            for name in dict.fromkeys(row.forecaster for row in chosen):
                values = {row.ahead: row.value for row in chosen if row.forecaster == name}
                lines.append(f"{name:36}" + "".join(f"{values.get(ahead, math.nan):8.3f}" for ahead in steps))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m calibration.rolling", description=__doc__)
    parser.add_argument("--kinds", action="store_true", help="each recorded kind as well as all together")
    parser.add_argument("--parts", action="store_true", help="the filter without each of its parts as well")
    parser.add_argument("--space", action="store_true", help="cercles left out, instead of forecasts in time")
    parser.add_argument("--draws", type=int, default=FEWEST_DRAWS)
    chosen = parser.parse_args(arguments)
    if chosen.space:
        table = [
            row
            for name, forecaster in SPATIAL.items()
            for row in rows(name, ALL_KINDS, check_in_space(forecaster, draws=chosen.draws))
        ]
    else:
        forecasters = {**FORECASTERS, **(ABLATIONS if chosen.parts else {})}
        table = compare(forecasters, tuple(TARGETS) if chosen.kinds else (ALL_KINDS,), draws=chosen.draws)
    for score in SCORES[:-1]:
        print(as_text(table, score))
    return 0


if __name__ == "__main__":
    sys.exit(main())
