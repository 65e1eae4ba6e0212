"""The inputs of a batch as tables: one row per arm, and one per point with the value of every parameter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.declarations import declarations
from abm.parameters import Parameters
from runs.batch.experiment import Experiment

if TYPE_CHECKING:
    import pyarrow as pa

ARM_COLUMNS = ("arm", "title", "is_control")  # of the table of arms, besides those of factors
POSITION = "position_of_"  # in front of a sampled parameter: where in its range the point lies, 0..1


def factors_of(columns: Iterable[str]) -> list[str]:
    """Names of the factors in the columns of a table of arms."""
    return [name for name in columns if name not in ARM_COLUMNS]


def sampled_of(columns: Iterable[str]) -> list[str]:
    """Names of the sampled parameters in the columns of a table of points."""
    return [name.removeprefix(POSITION) for name in columns if name.startswith(POSITION)]


def arms_table(experiment: Experiment) -> pa.Table:
    """Arms, the control first: name, title, and values of the factors; null where an arm is not of the factorial."""
    import pyarrow as pa

    arms = experiment.design.arms
    columns: dict[str, Any] = {
        "arm": [arm.name for arm in arms],
        "title": [arm.title for arm in arms],
        "is_control": [arm.name == experiment.design.control.name for arm in arms],
    }
    for factor in experiment.factors:
        values = [experiment.levels.get(arm.name, {}).get(factor.name) for arm in arms]
        columns[factor.name] = values if _is_numeric(values) else [None if v is None else str(v) for v in values]
    return pa.table(columns)


def _is_numeric(values: list[Any]) -> bool:
    return all(v is None or isinstance(v, bool) for v in values) or all(
        v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values
    )


def points_table(experiment: Experiment) -> pa.Table:
    """Points: the embedded draw that each starts from (null: the defaults), its world, and every declared parameter."""
    import pyarrow as pa

    design = experiment.design
    points = range(design.draws)
    numbers = [design.number(point) for point in points]
    columns: dict[str, Any] = {
        "point": pa.array(points, pa.int32()),
        "draw": pa.array(numbers, pa.int32()),
        "stream": pa.array([p.stream for p in design.points] if design.points else list(points), pa.int32()),
        "world_seed": [design.in_world(design.control, point).world.seed for point in points],
    }
    names = list(declarations(Parameters))
    values = np.empty((design.draws, len(names)))
    for point in points:
        parameters = design.parameters(point)
        values[point] = [float(getattr(parameters, name)) for name in names]
    columns |= {name: values[:, k] for k, name in enumerate(names)}
    sampled = [uncertainty.name for uncertainty in experiment.uncertainties]
    columns |= {f"{POSITION}{name}": experiment.unit[:, k] for k, name in enumerate(sampled)}
    return pa.table(columns)
