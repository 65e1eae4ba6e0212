"""Presence kernels laid on the grid once per run."""

from __future__ import annotations

import math

import numpy as np

from abm.presence import UNIT, gaussian
from abm.tables import Floats, Ints


def presence_stamps(size_km: float, presence_km: float, strengths: tuple[float, ...]) -> tuple[Ints, Ints, Floats]:
    """Presence kernels on the grid: offsets (n, 2), pressures in fixed point (kernels, n), kernel (n,).

    The kernel is averaged over each cell, so that totals hardly depend on the size of cells, and cut at three standard
    deviations.
    """
    reach = int(np.ceil(3.0 * presence_km / size_km))
    steps = (np.arange(5) - 2) / 5.0
    square = [(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]
    offsets = [(i, j) for i, j in square if (i * i + j * j) * size_km * size_km <= 9.0 * presence_km * presence_km]
    dx = np.array([[(i + a) * size_km for a in steps for _ in steps] for i, _ in offsets])
    dy = np.array([[(j + b) * size_km for _ in steps for b in steps] for _, j in offsets])
    kernels = np.vectorize(gaussian, otypes=[float])(dx * dx + dy * dy, presence_km)
    pressures = [-np.vectorize(math.log1p, otypes=[float])(-strength * kernels).mean(axis=1) for strength in strengths]
    fixed = np.array([np.rint(pressure / UNIT) for pressure in pressures]).astype(np.int64)
    return np.array(offsets, np.int64), fixed, kernels.mean(axis=1)
