"""Whether what was observed lies among what the model can give at all: misfit is named, never hidden.

A posterior from a table says which simulations are nearest, not whether they are near. So each observed statistic is
ranked among the simulated ones; so is each principal component of them, which finds relations between statistics that
the model does not have though each alone is possible; and so is the Mahalanobis distance from the middle of the cloud.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from calibration.errors import CalibrationError
from calibration.record_table import Floats, Integers
from calibration.reference_table import ReferenceTable
from calibration.summaries import scale_of

LEVEL = 0.99
SMALLEST_SHARE = 1e-6  # of the largest component's variance: what is smaller is rounding
NAMED = 2  # statistics that name a component


class Misfit(NamedTuple):
    """An observed value outside the central share of simulated ones; ``rank`` is the share of those that are smaller.

    The rank of a distance (``all statistics together``) is outside at its upper end only.
    """

    statistic: str
    rank: float


TOGETHER = "all statistics together"


def outside(
    table: ReferenceTable, observed: Floats, rows: Integers | None = None, level: float = LEVEL
) -> list[Misfit]:
    """Observed statistics, and components of them, outside the central ``level`` of simulated ones, worst first.

    Of values that fit, one in a hundred is listed by chance at the default level.

    Args:
        table: simulations.
        observed: statistics (s,); one without value (NaN) is not ranked alone and counts as the median elsewhere.
        rows: places in the table of the simulations to compare with, such as those of a posterior; all by default.
        level: central share.

    Raises:
        CalibrationError: another number of statistics, or too few rows to tell.
    """
    values = np.asarray(observed, dtype=np.float64)
    cloud = table.statistics if rows is None else table.statistics[rows]
    if values.shape != (cloud.shape[1],):
        raise CalibrationError(f"observed: expected {cloud.shape[1]} statistics, got shape {values.shape}")
    tail = (1.0 - level) / 2.0
    if not 0.0 < tail < 0.5 or len(cloud) * tail < 1.0:
        raise CalibrationError(f"level: expected a level that leaves rows outside, got {level} of {len(cloud)} rows")
    names = table.statistic_names
    alone = [Misfit(name, _rank(column, value)) for name, column, value in zip(names, cloud.T, values, strict=True)]
    components, together = _components(cloud, values, names)
    found = [misfit for misfit in alone + components if not tail <= misfit.rank <= 1.0 - tail]
    found = [misfit for misfit in found if not np.isnan(misfit.rank)]
    if together.rank > level:
        found.append(together)
    return sorted(found, key=lambda misfit: min(misfit.rank, 1.0 - misfit.rank))


def _rank(simulated: Floats, value: float) -> float:
    """Share of simulated values below an observed one, ties counted half; NaN where there is no value."""
    known = simulated[~np.isnan(simulated)]
    if np.isnan(value) or known.size == 0:
        return float("nan")
    return float(((known < value).sum() + 0.5 * (known == value).sum()) / known.size)


def _components(cloud: Floats, values: Floats, names: tuple[str, ...]) -> tuple[list[Misfit], Misfit]:
    scale = scale_of(cloud, names)
    simulated, seen = scale.plain(cloud), scale.plain(values[None])[0]
    middle = simulated.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov(simulated, rowvar=False).reshape(len(middle), len(middle)))
    order = [i for i in np.argsort(-variances, kind="stable") if variances[i] > SMALLEST_SHARE * variances.max()]
    spread = np.sqrt(variances[order])
    scores, mine = (simulated - middle) @ axes[:, order] / spread, (seen - middle) @ axes[:, order] / spread
    kept = [names[column] for column in scale.kept]
    found = [
        Misfit(_name_of(number, axes[:, axis], kept), _rank(scores[:, number - 1], float(mine[number - 1])))
        for number, axis in enumerate(order, 1)
    ]
    distances, distance = np.einsum("nc,nc->n", scores, scores), float(mine @ mine)
    return found, Misfit(TOGETHER, _rank(distances, distance))


def _name_of(number: int, axis: Floats, names: list[str]) -> str:
    """A component by the statistics that weigh most in it, with their signs against the first."""
    heaviest = np.argsort(-np.abs(axis), kind="stable")[:NAMED]
    first = np.sign(axis[heaviest[0]])
    terms = [f"{'+' if np.sign(axis[i]) == first else '-'} {names[i]}" for i in heaviest]
    return f"component {number} ({' '.join(terms).removeprefix('+ ')})"
