"""Scales on which a parameter may be adjusted freely: what comes back always lies inside its bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from calibration.errors import CalibrationError
from calibration.record_table import Floats

# A draw on its bound, by rounding, is moved inside by this share of the range: its transform would be infinite.
INSIDE = 1e-12


@dataclass(frozen=True)
class Transform:
    """One parameter's way to the whole real line and back.

    ``identity`` is for parameters without bounds, ``log`` for those above ``low``, ``logit`` for those between ``low``
    and ``high``.
    """

    kind: Literal["identity", "log", "logit"] = "identity"
    low: float = 0.0
    high: float = math.inf

    def __post_init__(self) -> None:
        if self.kind == "logit" and not (math.isfinite(self.low) and self.low < self.high < math.inf):
            raise CalibrationError(f"logit: expected finite bounds, low below high, got {self.low} and {self.high}")
        if self.kind == "log" and not math.isfinite(self.low):
            raise CalibrationError(f"log: expected a finite lower bound, got {self.low}")

    def inside(self, values: Floats) -> bool:
        """Whether all values are finite and lie within the bounds or on them."""
        if not np.isfinite(values).all():
            return False
        above = self.kind == "identity" or bool((values >= self.low).all())
        return above and (self.kind != "logit" or bool((values <= self.high).all()))

    def forward(self, values: Floats) -> Floats:
        """Natural units to the real line."""
        if self.kind == "identity":
            return np.asarray(values, dtype=np.float64)
        if self.kind == "log":
            above: Floats = np.log(np.maximum(values - self.low, INSIDE * max(1.0, abs(self.low))))
            return above
        share = np.clip((values - self.low) / (self.high - self.low), INSIDE, 1.0 - INSIDE)
        between: Floats = special.logit(share)
        return between

    def back(self, values: Floats) -> Floats:
        """The inverse of :meth:`forward`."""
        if self.kind == "identity":
            return np.asarray(values, dtype=np.float64)
        if self.kind == "log":
            above: Floats = self.low + np.exp(values)
            return above
        between: Floats = self.low + (self.high - self.low) * special.expit(values)
        return np.clip(between, self.low, self.high)  # low + (high - low) may round to more than high


IDENTITY = Transform()


def for_parameters(names: Sequence[str], transforms: Mapping[str, Transform] | None) -> tuple[Transform, ...]:
    """A transform for each parameter, the identity where none is given.

    Raises:
        CalibrationError: a transform of no such parameter.
    """
    given = dict(transforms or {})
    for name in given:
        if name not in names:
            raise CalibrationError(f"transforms: {name}: no such parameter; expected some of {', '.join(names)}")
    return tuple(given.get(name, IDENTITY) for name in names)


def forward(transforms: Sequence[Transform], names: Sequence[str], theta: Floats) -> Floats:
    """All parameters, shape (n, p), on the real line.

    Raises:
        CalibrationError: a parameter lies outside its bounds.
    """
    for name, transform, values in zip(names, transforms, theta.T, strict=True):
        if not transform.inside(values):
            bounds = f"{transform.kind} with bounds {transform.low} and {transform.high}"
            raise CalibrationError(f"{name}: values outside its transform's bounds ({bounds})")
    return np.stack([t.forward(values) for t, values in zip(transforms, theta.T, strict=True)], axis=1)


def back(transforms: Sequence[Transform], values: Floats) -> Floats:
    """The inverse of :func:`forward`."""
    return np.stack([t.back(column) for t, column in zip(transforms, values.T, strict=True)], axis=1)
