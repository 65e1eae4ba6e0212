"""Factors of a factorial: their levels in order, and contrasts of arms paired along common draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from abm.calendar import day_of
from runs.compare import Comparison
from runs.outcomes import DAYS_PER_YEAR
from runs.statistics import Interval, effect_interval, leaves_out_zero, spread
from runs.studies.labels import counts, factor_label, singular
from runs.studies.numbers import in_cell

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment, Factor

Floats = NDArray[np.float64]

DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
MONTH = "month"
ROUNDING = 1e-9  # relative; what is smaller than this is a sum that rounds to nothing


@dataclass(frozen=True)
class Contrast:
    """A difference between arms: estimate, interval of what is not known, and Monte Carlo error apart."""

    estimate: float
    interval: Interval
    monte_carlo_se: float

    @property
    def resolved(self) -> bool:
        """Whether the interval leaves out zero."""
        return leaves_out_zero(self.interval)

    @property
    def nothing(self) -> bool:
        """Whether it is zero in every run."""
        return self.estimate == self.interval[0] == self.interval[1] == 0.0


def written(found: Contrast) -> str:
    """A contrast with its interval, and whether it is not resolved."""
    return in_cell(found.estimate, found.interval)


def contrast(values: Floats) -> Contrast:
    """A contrast from its values in every set of parameters and seed, shape (K, S)."""
    parts = spread(values)
    return Contrast(parts.estimate, effect_interval(values), parts.monte_carlo_se)


@dataclass(frozen=True)
class Levels:
    """Levels of a factor in order, and where they lie on a line: in its units, dates in months, None for categories."""

    factor: Factor
    values: tuple[Any, ...]
    positions: tuple[float, ...] | None

    @property
    def unit(self) -> str:
        """What one unit is called: "company", "month"; of a number that counts nothing, its name."""
        if dated(self.factor.values):
            return MONTH
        name = factor_label(self.factor)
        return singular(name) if counts(self.factor) else f"unit of {name}"

    @property
    def range(self) -> float:
        """From the lowest level to the highest; NaN for categories."""
        return self.positions[-1] - self.positions[0] if self.positions else float("nan")


def levels_of(factor: Factor) -> Levels:
    """Numbers and dates from low to high, categories in the order given."""
    if dated(factor.values):
        ordered = sorted(factor.values, key=_date)
        days = [day_of(_date(value)) for value in ordered]
        return Levels(factor, tuple(ordered), tuple((day - days[0]) / DAYS_PER_MONTH for day in days))
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in factor.values):
        ordered = sorted(factor.values)
        return Levels(factor, tuple(ordered), tuple(float(value) for value in ordered))
    return Levels(factor, factor.values, None)


def dated(values: Sequence[Any]) -> bool:
    """Whether all levels are dates, as dates or written as such."""
    try:
        return [_date(value) for value in values] != []
    except ValueError:
        return False


def _date(value: Any) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError(f"{value!r} is no date")


def where(experiment: Experiment, **at: Any) -> list[str]:
    """Arms of the factorial that have the given levels."""
    return [arm for arm, levels in experiment.levels.items() if all(levels[name] == v for name, v in at.items())]


def difference_at(
    experiment: Experiment, comparison: Comparison, window: str, key: str, at: Mapping[str, Any]
) -> Floats:
    """Mean difference from the control of all arms that have the given levels, shape (K, S)."""
    arms = where(experiment, **at)
    control = comparison.values[comparison.design.control.name, window, key]
    # Means of differences, not differences of means: arms that are the same give zero to the last bit.
    found: Floats = sum((comparison.values[arm, window, key] - control for arm in arms), np.zeros_like(control))
    return found / len(arms)


def steps(by_level: Sequence[Floats]) -> list[Floats]:
    """What each level changes beside the one before, each (K, S)."""
    return [after - before for before, after in pairwise(by_level)]


def per_unit(changes: Sequence[Floats], levels: Levels) -> list[Floats]:
    """The same for one unit of a factor of numbers or dates."""
    assert levels.positions is not None
    widths = [after - before for before, after in pairwise(levels.positions)]
    return [change / width for change, width in zip(changes, widths, strict=True)]


def _centred(levels: Levels) -> Floats:
    """Places of levels less their mean, shape (levels,)."""
    places: Floats = np.array(levels.positions, dtype=np.float64)
    return places - float(places.mean())


def together(first: Levels, second: Levels, cells: Mapping[tuple[int, int], Floats]) -> Floats:
    """What two factors change together beyond the sum of what each does alone, over their whole ranges, (K, S).

    The product of the two slopes of a linear model with main effects for every level: all cells speak. Of two levels
    each it is the outcome with both high, less those with one high, plus that with none.
    """
    x, z = _centred(first), _centred(second)
    weights = np.outer(x, z) / float((x @ x) * (z @ z)) * first.range * second.range
    nothing = np.zeros_like(next(iter(cells.values())))
    found: Floats = sum((weights[place] * values for place, values in cells.items()), nothing)
    largest = max(float(np.abs(values).max()) for values in cells.values())
    return np.where(np.abs(found) > ROUNDING * largest, found, 0.0)
