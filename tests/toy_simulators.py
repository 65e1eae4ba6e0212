"""Simulators whose posterior is known, and simulators that misbehave; importable by worker processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from abm.randomness import uniforms

Floats = NDArray[np.float64]


def normals(number: int, count: int, purpose: int = 0) -> Floats:
    values: Floats = special.ndtri(uniforms(number, 72, np.arange(count, dtype=np.int64), 99, purpose))
    return values


@dataclass(frozen=True)
class Toy:
    """Two normal parameters, three statistics; the third has no value in some rows."""

    spread: float = 1.0
    parameters: tuple[str, ...] = ("a", "b")
    statistics: tuple[str, ...] = ("x", "y", "z")

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"spread": self.spread, "prior": {"a": [0, 1], "b": [0, 1]}}

    def __call__(self, number: int) -> tuple[Floats, Floats]:
        a, b, *noise = self.spread * normals(number, 5)
        return np.array([a, b]), np.array([a + noise[0], b + noise[1], np.nan if number % 7 == 0 else noise[2]])


@dataclass(frozen=True)
class Slow(Toy):
    """Takes its time, and says in a folder which processes are at work."""

    folder: str = ""
    seconds: float = 0.02

    def __call__(self, number: int) -> tuple[Floats, Floats]:
        (Path(self.folder) / str(os.getpid())).touch()
        time.sleep(self.seconds)
        return super().__call__(number)


@dataclass(frozen=True)
class Failing(Toy):
    """Raises an error in one row, or has no finite parameters, or other shapes, or kills its process."""

    row: int = 13
    how: str = "raise"

    def __call__(self, number: int) -> tuple[Floats, Floats]:
        theta, statistics = super().__call__(number)
        if number != self.row:
            return theta, statistics
        if self.how == "raise":
            raise ArithmeticError("no such luck")
        if self.how == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "nan":
            return np.array([theta[0], np.nan]), statistics
        return theta, statistics[:2]
