"""Functions whose sensitivity indices are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from runs.batch.sampling import morris_points, sobol_points
from runs.studies.sensitivity_indices import (
    Indices,
    morris_effects,
    sobol_indices,
)

Floats = NDArray[np.float64]

SEEDS = 4
WEIGHTS = np.array([5.0, -3.0, 1.0, 0.0])
NAMES = ("a", "b", "c", "d")


def noisy(values: Floats, noise: float = 0.0, random: int = 1, seeds: int = SEEDS) -> Floats:
    """The outcome of a function at K points under some seeds: (K,) as (K, S)."""
    return values[:, None] + noise * np.random.default_rng(random).standard_normal((values.size, seeds))


def ishigami(unit: Floats) -> Floats:
    """Ishigami & Homma 1990 with a = 7, b = .1, on the unit cube."""
    x = np.pi * (2.0 * unit - 1.0)
    waves: Floats = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return waves


def ishigami_indices() -> tuple[list[float], list[float]]:
    """First-order and total indices in closed form."""
    a, b, pi4, pi8 = 7.0, 0.1, np.pi**4, np.pi**8
    first = [0.5 * (1.0 + b * pi4 / 5.0) ** 2, a * a / 8.0, 0.0]
    both = b * b * pi8 * 8.0 / 225.0
    whole = sum(first) + both
    return [v / whole for v in first], [v / whole for v in (first[0] + both, first[1], both)]


# --- both -----------------------------------------------------------------------------------------------------------


def of_sobol(values: Floats, seed: int) -> Indices:
    return sobol_indices(NAMES, values, seed)


def of_morris(values: Floats, seed: int) -> Indices:
    return morris_effects(NAMES, morris_points(4, len(values) // 5, 1), values, seed)


BOTH = pytest.mark.parametrize(
    ("compute", "points"), [(of_sobol, sobol_points(4, 16, 1)), (of_morris, morris_points(4, 16, 1))]
)
