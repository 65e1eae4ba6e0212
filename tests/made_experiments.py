"""Made-up experiments whose effects are known: arms by name, or every combination of the levels of factors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.calendar import day_of
from abm.scenario import Scenario
from runs.analysis import HEADLINES
from runs.batch.factors import Factor
from runs.compare import Comparison
from runs.design import CONTROL, Design
from runs.rings import FAR, NEAR, RINGS

Floats = NDArray[np.float64]
KEYS = (*HEADLINES, "total_cost", "civilian_cost", "tobs", "prevented")
ZERO = day_of(date(2022, 3, 1))
LEVEL = 400.0  # of every outcome in the control


@dataclass(frozen=True)
class Experiment:
    """What studies read of an experiment."""

    design: Design
    factors: tuple[Factor, ...] = ()
    levels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    main: tuple[str, ...] = ("expected_civilian_deaths", "civilian_attacks")
    name: str = "made-up"
    title: str = "A made-up experiment"
    question: str = "What is known to be found?"
    sampling: str = "draws"


Effect = Callable[[str, str, str], float]  # of an arm in a window on an outcome


def design_of(arms: Sequence[str], draws: int = 20, seeds: int = 4, **more: Any) -> Design:
    """A design of arms that have names and nothing else of their own: a package each."""
    package = Scenario.load("extra-tobs")
    treated = tuple(package.model_copy(update={"name": arm, "title": arm}) for arm in arms)
    return Design(Scenario.load(CONTROL), treated, draws, seeds, **more)


def factorial(*factors: Factor, draws: int = 20, seeds: int = 4, **more: Any) -> Experiment:
    """Every combination of the levels of some factors."""
    levels = {
        "arm-" + "-".join(str(position) for position, _ in cell): {
            factor.name: value for factor, (_, value) in zip(factors, cell, strict=True)
        }
        for cell in product(*(list(enumerate(factor.values)) for factor in factors))
    }
    return Experiment(design_of(list(levels), draws, seeds, **more), factors, levels)


def made(
    design: Design,
    effect: Effect,
    of_parameters: float = 0.0,
    of_seeds: float = 1.0,
    cost: Callable[[str], float] = lambda arm: 0.0,
    random: int = 1,
) -> Comparison:
    """A comparison in which an outcome of an arm is the control's plus its effect and two normal deviates.

    Args:
        design: arms, points and seeds.
        effect: what is to be found.
        of_parameters: standard deviation of an arm's effect between sets of parameters.
        of_seeds: standard deviation of it between the seeds of a set.
        cost: what an arm costs, US$.
        random: seed of the deviates.
    """
    rng = np.random.default_rng(random)
    shape = (design.draws, design.seeds)
    windows = tuple(window.name for window in design.windows(ZERO))
    values: dict[tuple[str, str, str], Floats] = {}
    for window, key in product(windows, KEYS):
        control = LEVEL + 5.0 * rng.standard_normal(shape)
        values[design.control.name, window, key] = control
        for arm in (arm.name for arm in design.treated):
            noise = of_parameters * rng.standard_normal((shape[0], 1)) + of_seeds * rng.standard_normal(shape)
            values[arm, window, key] = control + effect(arm, window, key) + noise
    for window, arm in product(windows, design.arms):
        values[arm.name, window, "total_cost"] = np.full(shape, cost(arm.name))
        values[arm.name, window, "civilian_cost"] = np.zeros(shape)
    rings = {arm.name: np.zeros((*shape, 2, 2, len(RINGS))) for arm in design.treated}
    months = np.arange("2021-01", "2024-01", dtype="datetime64[M]")
    return Comparison(design, windows, values, np.full(shape, ZERO), months, {}, rings)


def with_rings(comparison: Comparison, near: Mapping[str, float], far: Mapping[str, float]) -> Comparison:
    """The same with attacks around bases: 60 in each ring of the control, and so many more or fewer in an arm's."""
    rng = np.random.default_rng(2)
    rings = {}
    for arm, nothing in comparison.rings.items():
        counts = np.full_like(nothing, 60.0) + rng.standard_normal((*nothing.shape[:2], 1, 2, len(RINGS)))
        for group, more in ((NEAR, near), (FAR, far)):
            noise = 0.5 * rng.standard_normal((*nothing.shape[:2], 2, len(group)))
            counts[:, :, 0][..., list(group)] += more.get(arm, 0.0) + noise
        rings[arm] = counts
    return replace(comparison, rings=rings)
